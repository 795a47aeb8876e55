// SPDX-License-Identifier: GPL-2.0-only
/*
 * The testbed of the series' cover letter, which the kernel tree has no script of:
 *
 *   ns1 192.168.20.2 - br0 192.168.20.1 in nsr1 10.141.10.1 - 10.141.10.2 ns2, SNAT on veth1
 *
 * with the classic path and with the flowtable, devices = { veth0, veth1 } and { br0, veth1 }, IPv4 and IPv6, TCP
 * and UDP, untagged, with one VLAN, and QinQ with 802.1ad outside. For each: the data arrives, and the flow is
 * offloaded as v3 does it, S05 of QinQ with an inet table included: the tagged direction never hits.
 */
import { type flow, flow_text, flow_watch, list_flows } from '../lib/flows.ts';
import { ksft_fail, ksft_pass, type selftest, type test_run } from '../lib/selftest.ts';
import { capture_point } from '../lib/tap.ts';
import { World } from '../lib/world.ts';

const TAGS = ['untagged', 'vlan 10', '802.1ad 10, 802.1q 20'] as const;
type tagging = (typeof TAGS)[number];

const TABLES = ['classic', 'veth0, veth1', 'br0, veth1'] as const;
type devices = (typeof TABLES)[number];

/** What the router makes of its clients' addresses; the benchmarks' router does the same. */
export const SNAT = `table ip nat {
	chain post {
		type nat hook postrouting priority 100;
		oifname "veth1" snat to 10.141.10.1
	}
}
table ip6 nat {
	chain post {
		type nat hook postrouting priority 100;
		oifname "veth1" snat to fd00:141::1
	}
}
`;

const DATAGRAMS = 20;
const BYTES = 65536;

/** How a flow must look, or null when there must be none. */
interface expectation {
	original: { iif: string; vlans: string[]; xmit: string; oif: string };
	reply: { iif: string; vlans: string[]; xmit: string; oif: string };
	/** Packets of the direction that pass the forward hook although the flow is offloaded. */
	original_hits: boolean;
	reply_hits: boolean;
}

/** Port of the bridge on the side of ns1. */
function port_of(tags: tagging, dev: string): string {
	if (tags === 'untagged') return dev;
	return tags === 'vlan 10' ? `${dev}.10` : `${dev}.c20`;
}

function expected(tags: tagging, table: devices): expectation | null {
	if (table === 'classic') return null;
	if (table === 'br0, veth1') {
		/* the port is not listed: br0 stays the device of both directions */
		return {
			original: { iif: 'br0', vlans: [], xmit: 'neigh', oif: 'veth1' },
			reply: { iif: 'veth1', vlans: [], xmit: 'neigh', oif: 'br0' },
			original_hits: true,
			reply_hits: true,
		};
	}
	const vlans =
		tags === 'untagged' ? [] : tags === 'vlan 10' ? ['802.1q 10'] : ['802.1ad 10', '802.1q 20'];
	const oif = tags === 'untagged' ? 'veth0' : tags === 'vlan 10' ? 'veth0.10' : 'veth0.s10';
	return {
		original: { iif: 'veth0', vlans, xmit: 'neigh', oif: 'veth1' },
		reply: { iif: 'veth1', vlans: [], xmit: 'direct', oif },
		/* v3: S05: the inet hook lets packets with two tags pass */
		original_hits: tags !== '802.1ad 10, 802.1q 20',
		reply_hits: true,
	};
}

class bed {
	readonly w: World;
	readonly #t: test_run;
	readonly #tags: tagging;
	readonly #table: devices;
	failed = false;

	constructor(t: test_run, tags: tagging, table: devices) {
		this.#t = t;
		this.#tags = tags;
		this.#table = table;
		this.w = new World({ seed: t.seed });
		t.watch(this.w);
	}

	#must(command: string, stdin?: string): string {
		return this.w.must(command, stdin === undefined ? {} : { stdin });
	}

	#tag(ns: string, dev: string): void {
		if (this.#tags === 'untagged') return;
		if (this.#tags === 'vlan 10') {
			this.#must(`ip -net ${ns} link add link ${dev} name ${dev}.10 type vlan id 10`);
			this.#must(`ip -net ${ns} link set ${dev}.10 up`);
			return;
		}
		this.#must(`ip -net ${ns} link add link ${dev} name ${dev}.s10 type vlan proto 802.1ad id 10`);
		this.#must(`ip -net ${ns} link add link ${dev}.s10 name ${dev}.c20 type vlan id 20`);
		this.#must(`ip -net ${ns} link set ${dev}.s10 up`);
		this.#must(`ip -net ${ns} link set ${dev}.c20 up`);
	}

	topology(): void {
		for (const ns of ['ns1', 'nsr1', 'ns2']) {
			this.#must(`ip netns add ${ns}`);
			this.#must(
				`ip netns exec ${ns} sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0`,
			);
			this.#must(`ip -net ${ns} link set lo up`);
		}
		this.#must('ip link add veth0 netns nsr1 type veth peer name eth0 netns ns1');
		this.#must('ip link add veth1 netns nsr1 type veth peer name eth0 netns ns2');
		this.#must('ip -net ns1 link set eth0 up');
		this.#must('ip -net ns2 link set eth0 up');
		this.#must('ip -net nsr1 link set veth0 up');
		this.#must('ip -net nsr1 link set veth1 up');
		this.#tag('nsr1', 'veth0');
		this.#tag('ns1', 'eth0');
		this.#must('ip -net nsr1 link add name br0 type bridge');
		this.#must(`ip -net nsr1 link set ${port_of(this.#tags, 'veth0')} master br0`);
		this.#must('ip -net nsr1 link set br0 up');
		const host = port_of(this.#tags, 'eth0');
		this.#must(`ip -net ns1 addr add 192.168.20.2/24 dev ${host}`);
		this.#must(`ip -net ns1 addr add fd00:20::2/64 dev ${host} nodad`);
		this.#must('ip -net nsr1 addr add 192.168.20.1/24 dev br0');
		this.#must('ip -net nsr1 addr add fd00:20::1/64 dev br0 nodad');
		this.#must('ip -net nsr1 addr add 10.141.10.1/24 dev veth1');
		this.#must('ip -net nsr1 addr add fd00:141::1/64 dev veth1 nodad');
		this.#must('ip -net ns2 addr add 10.141.10.2/24 dev eth0');
		this.#must('ip -net ns2 addr add fd00:141::2/64 dev eth0 nodad');
		this.#must('ip -net ns1 route add default via 192.168.20.1');
		this.#must('ip -net ns1 route add default via fd00:20::1');
		this.#must(
			'ip netns exec nsr1 sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1',
		);
	}

	rules(): void {
		const flowtable =
			this.#table === 'classic'
				? ''
				: `flowtable f { hook ingress priority 0; devices = { ${this.#table} }; }`;
		const add = this.#table === 'classic' ? '' : 'meta l4proto { tcp, udp } flow add @f';
		this.#must(
			'ip netns exec nsr1 nft -f -',
			`table inet x {
	counter o { }
	counter r { }
	${flowtable}
	chain forward {
		type filter hook forward priority 0; policy accept;
		${add}
		meta l4proto { tcp, udp } ct direction original counter name o
		meta l4proto { tcp, udp } ct direction reply counter name r
	}
}
${SNAT}`,
		);
	}

	#counter(name: string): number {
		const text = this.#must(`ip netns exec nsr1 nft reset counter inet x ${name}`);
		return Number(/packets (\d+)/.exec(text)?.[1] ?? -1);
	}

	#report(what: string, problems: string[], seen: readonly flow[]): void {
		const name = `${what}, ${this.#tags}, ${this.#table === 'classic' ? 'classic' : `devices = { ${this.#table} }`}`;
		if (problems.length === 0) {
			this.#t.line(`PASS: ${name}`);
			return;
		}
		this.failed = true;
		this.#t.line(`FAIL: ${name}: ${problems.join('; ')}`);
		for (const f of seen) this.#t.line(`      saw ${flow_text(f)}`);
	}

	#flow_problems(proto: number, dport: number, seen: readonly flow[]): string[] {
		const want = expected(this.#tags, this.#table);
		const mine = seen.filter((f) => f.original.proto === proto && f.original.dport === dport);
		if (want === null) return mine.length === 0 ? [] : ['offloaded without a flowtable'];
		const is = (d: flow['original'], e: expectation['original']): boolean =>
			d.iif === e.iif && d.xmit === e.xmit && d.oif === e.oif && d.vlans.join() === e.vlans.join();
		if (mine.some((f) => is(f.original, want.original) && is(f.reply, want.reply))) return [];
		return [mine.length === 0 ? 'no flow' : 'flow of another kind'];
	}

	udp(v6: boolean): void {
		const want = expected(this.#tags, this.#table);
		const six = v6 ? '-6' : '';
		const dst = v6 ? 'fd00:141::2' : '10.141.10.2';
		const port = v6 ? 5206 : 5204;
		this.#counter('o');
		this.#counter('r');
		const server = this.w.spawn(`ip netns exec ns2 ot uecho ${six} -t 2 ${port}`);
		this.w.sleep(0.1);
		const out = this.#must(
			`ip netns exec ns1 ot usend ${six} -p 40000 -i 20 -t 1 ${dst} ${port} ${DATAGRAMS}`,
		);
		const seen = list_flows(this.w.ns('nsr1'));
		this.w.wait(server);
		const problems = this.#flow_problems(17, port, seen);
		if (!out.includes(`udp_replies=${DATAGRAMS}\n`)) problems.push(out.split('\n')[1]);
		const o = this.#counter('o');
		const r = this.#counter('r');
		const want_o = want?.original_hits === true ? 1 : DATAGRAMS;
		const want_r = want?.reply_hits === true ? 1 : DATAGRAMS;
		if (o !== want_o) problems.push(`${o} packets forwarded by the classic path, not ${want_o}`);
		if (r !== want_r) problems.push(`${r} replies forwarded by the classic path, not ${want_r}`);
		this.#report(`${v6 ? 'ipv6' : 'ipv4'} udp`, problems, seen);
	}

	tcp(v6: boolean): void {
		const dst = v6 ? 'fd00:141::2' : '10.141.10.2';
		const port = v6 ? 5306 : 5304;
		const six = v6 ? '-6' : '';
		const data = new Uint8Array(BYTES);
		for (let i = 0; i < data.length; i++) data[i] = (i * 31 + (i >>> 8)) & 255;
		this.w.write_file('/in', data);
		this.w.write_file('/out1', '');
		this.w.write_file('/out2', '');
		const watch = new flow_watch(this.w, 'nsr1');
		const server = this.w.spawn(`ip netns exec ns2 nc ${six} -N -l -p ${port} < /in > /out2`);
		this.w.sleep(0.1);
		const rc = this.w.sh(`ip netns exec ns1 nc ${six} -N -w 5 ${dst} ${port} < /in > /out1`).rc;
		this.w.sleep(0.5);
		this.w.kill(server);
		const seen = watch.stop();
		const problems = this.#flow_problems(6, port, seen);
		if (rc !== 0) problems.push(`nc: exit code ${rc}`);
		for (const [file, what] of [
			['/out1', 'ns1 <- ns2'],
			['/out2', 'ns1 -> ns2'],
		] as const)
			if (this.w.sh(`cmp /in ${file}`).rc !== 0)
				problems.push(`file mismatch for ${what} (${this.w.files.get(file)?.size} bytes)`);
		this.#report(`${v6 ? 'ipv6' : 'ipv4'} tcp`, problems, seen);
	}

	run(): void {
		this.topology();
		this.rules();
		const points =
			this.#t.pcap_dir === null
				? []
				: ['veth0', 'veth1'].map((d) => new capture_point(this.w, 'nsr1', d));
		/* a link's other end may have its index: link watch takes up to a second then, and the port with it */
		this.w.sleep(1);
		for (const v6 of [false, true]) {
			this.udp(v6);
			this.tcp(v6);
		}
		for (const p of points) p.stop();
		this.#t.explained(this.w);
		const slug = (s: string): string => s.replace(/[^a-z0-9.]+/g, '-');
		this.#t.save(`testbed-${slug(this.#tags)}-${slug(this.#table)}`, points);
		for (const r of this.w.m.records) {
			this.failed = true;
			this.#t.line(`kernel: ${r.kind} in ${r.place}: ${r.what}`);
		}
		for (const l of this.w.check_leaks()) {
			this.failed = true;
			this.#t.line(`leak: ${l.count} ${l.kind} (${this.#tags}, ${this.#table})`);
		}
	}
}

/** The testbed. */
export const testbed: selftest = {
	collection: 'netfilter',
	name: 'flowtable_testbed',
	run: (t) => {
		let failed = false;
		for (const tags of TAGS)
			for (const table of TABLES) {
				const b = new bed(t, tags, table);
				b.run();
				failed ||= b.failed;
			}
		return failed ? ksft_fail : ksft_pass;
	},
};
