// SPDX-License-Identifier: GPL-2.0-only
/*
 * The recorded scenarios against what a real 5.10 kernel with the v3 patches answered.
 *
 * Compared exactly: everything about UDP, replies and TTLs, checks of the bytes that arrived, offload flags,
 * MTUs and ICMP, counters of what is not bulk TCP. Left out, with the reason:
 *  - wall time: the recording ran under emulation (seconds, spans, ages of a conntrack entry beyond one second
 *    a step; the IPv6 classic run's server came up too late for its first two datagrams)
 *  - bulk TCP: how it splits into segments is not exact in the recordings either, nor what sums it up
 *  - pure ACKs: TCP peers here acknowledge more often than the recorded ones, which moves classic TCP counters
 *  - source ports the kernel chose
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { scenarios } from './scenarios.ts';

const recordings = join(import.meta.dirname, 'recordings');

/** Keys that hold wall time, the recording's own name, or counts of bulk TCP. */
const inexact =
	/^(scenario|kernel|secs|dmesg_warn|event_after_t|undo_after_t|move_t|garp_t)$|_secs$|_span$|^(preecho_)?(pre_tcp|fwd_tcp_[or]|post_tcp|in_\S+)$|^(ttl|frames|vlan)_\S+$|^tcp_(pmtud|nopmtud)_|^tcp_ct$|^fwd_(established|after_close|again)/;

/*
 * s11: the station sends as long as the run lasts, which is wall time. s9: how far the second connection has come
 * when it is looked at, and s7a, s12: whether the collector has run yet, is wall time. s8: fragments of bulk TCP.
 */
const inexact_in: Record<string, RegExp> = {
	's7a-v6-routed-classic': /^(base_|udp_|(preecho_)?(pre|fwd|post)_(udp|icmp))/,
	's7a-v6-routed-flow': /^(base_|tcpe_ct$)/,
	's8a-mtu1500-1400-flow': /^ip_frags_/,
	's8b-mtu9000-1500-flow': /^ip_frags_/,
	's9-tcp-fin-classic': /^ct_again_/,
	's9-tcp-fin-flow': /^ct_again_/,
	's9-tcp-rst-classic': /^ct_again_/,
	's9-tcp-rst-flow': /^ct_again_/,
	's12-idle-flow': /^idle28_tcp$/,
	's10-veth0-down-flow': /^(udp_|srv_udp_)/,
	's11-garp-classic': /^(pre|fwd|post)_udp/,
};

function read_summary(name: string): Map<string, string> {
	const text = readFileSync(join(recordings, name, 'summary.txt'), 'utf8');
	return new Map(
		text
			.trim()
			.split('\n')
			.map((line) => {
				const eq = line.indexOf('=');
				return [line.slice(0, eq), line.slice(eq + 1)];
			}),
	);
}

/** A conntrack line without what is inexact: the age, the port the kernel chose, counts on TCP's classic path. */
function facts(line: string): string {
	const m = /^(ipv[46] \d+ (\S+) \d+) (?:(\d+) )?(.*)$/.exec(line);
	if (m === null) return line;
	const [, head, proto, age, rest] = m;
	let text = rest.replaceAll(/\b([sd]port)=(\d{5})\b/g, '$1=*');
	if (proto === 'tcp') text = text.replaceAll(/packets=\d+ bytes=\d+ /g, '');
	return `${head} ${age === undefined ? '' : 'age '}${text}`;
}

for (const entry of scenarios) {
	for (const mode of entry.modes) {
		const name = `${entry.name}-${mode}`;
		void t.test(name, (t) => {
			const s = entry.run(mode, 1);
			const real = read_summary(name);
			let compared = 0;
			for (const [key, value] of real) {
				if (inexact.test(key) || inexact_in[name]?.test(key) === true)
					continue;
				if (!s.summary.has(key)) {
					t.fail(`${key} is not there, the kernel: ${value}`);
					continue;
				}
				compared++;
				const ct = value.startsWith('ipv');
				const got = s.summary.get(key)!;
				t.equal(ct ? facts(got) : got, ct ? facts(value) : value, key);
			}
			t.ok(compared > 0, `${compared} values compared`);
			t.same(s.w.m.records, [], 'no WARN, no BUG');
			t.end();
		});
	}
}
