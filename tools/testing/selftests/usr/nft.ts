// SPDX-License-Identifier: GPL-2.0-only
/*
 * nft as a program of the machine room; the tool itself is in nft/.
 */
import { netlink_ext_ack } from '../../../../include/linux/netlink.ts';
import {
	nfnetlink_rcv_batch,
	nfnetlink_rcv_dump,
	nfnetlink_rcv_msg,
} from '../../../../net/netfilter/nfnetlink.ts';
import { decode } from '../lib/file.ts';
import type { process, Task } from '../lib/process.ts';
import { nft_main } from './nft/main.ts';

/* what the real one knows and this one does not: statements, keys of ct and meta, objects */
const absent =
	/^(?:ct\s+(?:helper|timeout|expectation|label|count|secmark)|time|day|hour|rtclassid|secmark|label|count|queue|quota|synproxy|tproxy|dup|fwd|osf|jhash|symhash|exthdr|hbh|frag|mh|rt|socket|ipsec|option|maxseg|mptcp|sack-perm|window|timestamp|md5sig|fastopen|lsrr|ssrr|rr|ra)\b/;

/** Words that are at fault only because they are not here, from what was printed about them. */
function absent_words(err: string): string[] {
	const lines = err.split('\n');
	const out: string[] = [];
	for (const [i, line] of lines.entries()) {
		if (!line.includes('Error: syntax error, unexpected')) continue;
		const marks = lines[i + 2] ?? '';
		/* in both lines tabs stand for tabs */
		const m = absent.exec((lines[i + 1] ?? '').slice(Math.max(0, marks.indexOf('^'))));
		if (m !== null && !out.includes(m[0])) out.push(m[0]);
	}
	return out;
}

/** The program. */
export function* nft(p: process, argv: string[]): Task<number> {
	let text = '';
	if (argv.some((a) => a === '-' || a === '/dev/stdin' || a === '-f-'))
		text = yield* p.read_text(p.stdin);
	const { netns } = p;
	const r = nft_main(
		{
			door: {
				batch: (msgs, end) => nfnetlink_rcv_batch(netns, msgs, end),
				dump: (req) => nfnetlink_rcv_dump(netns, req),
				get: (req) => nfnetlink_rcv_msg(netns, req, new netlink_ext_ack()),
			},
			ifaces: {
				if_nametoindex: (name) =>
					netns.dev_name_head.get(name)?.ifindex ?? 0,
				if_indextoname: (index) =>
					netns.dev_index_head.get(index)?.name ?? null,
			},
			read_file: (path) => {
				if (path === '/dev/stdin') return text;
				const f = p.world.open(p, path, 'r');
				if (typeof f === 'number') return null;
				const buf = new Uint8Array(1 << 20);
				let out = '';
				for (;;) {
					const n = f.read(buf);
					if (n <= 0) break;
					out += decode(buf.subarray(0, n));
				}
				f.close();
				return out;
			},
		},
		argv,
		() => text,
	);
	p.print(r.out);
	p.eprint(r.err);
	for (const word of absent_words(r.err)) p.eprint(`simns: unsupported: nft: ${word}\n`);
	return r.rc;
}
