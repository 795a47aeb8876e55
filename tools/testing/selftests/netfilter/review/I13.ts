// SPDX-License-Identifier: GPL-2.0-only
/*
 * I13: the default route moves.
 */
import type { bench } from './bench.ts';
import type { experiment } from './experiment.ts';
import { station } from './station.ts';

/** A second way to the internet, by w2. */
export function two_gateways(b: bench): void {
	b.ns('ns4');
	b.wire('w2', '02:00:00:00:04:01', 'ns4', 'eth0', '02:00:00:00:04:99');
	b.do('ip -n nsr1 addr add 10.0.4.1/24 dev w2');
	b.do('ip -n ns4 addr add 10.0.4.99/24 dev eth0');
	b.try('ip netns exec nsr1 ping -c 1 -W 1 10.0.4.99');
	b.do('ip -n ns2 addr add 8.8.8.8/32 dev lo');
	b.do('ip -n nsr1 route add default via 10.141.10.2 metric 10');
	b.orig.dst = b.reply.src = '8.8.8.8';
}

export const I13: experiment = {
	id: 'I13',
	shows: 'the default route moves to w2: the old path as long as the old route exists, else a black hole',
	topology: 'S in ns1 --- p1 [br0] nsr1 w --- gateway ns2; nsr1 w2 --- gateway ns4',
	real: null,
	later: 'NEIGH and XFRM: torn down at the next packet; DIRECT: never',
	source: '<20201114115906.GA21025@salvia>; commits e5075c0badaa, 2738d9d963bd',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_offload_dst_check',
			at: 'FLOW_OFFLOAD_XMIT_XFRM',
		},
		{ file: 'net/core/dst.ts', fn: 'dst_dev_put', at: 'dst.dev = blackhole' },
	],
	reading: 'stated',
	correction:
		'"old path for the life of the flow" holds when the new default has the better metric and the old one stays. When the old one is replaced, its cached destination moves to the blackhole device (net/core/dst.c:154, called from net/ipv4/fib_semantics.c:158 and :202): the flow is a black hole as long as packets come',
	run: (b, again) => {
		station(b, { more: two_gateways });
		b.open();
		b.is('before', b.up().text, 'fast, leaves by w');
		b.do('ip -n nsr1 route add default via 10.0.4.99 metric 5');
		let old = 0;
		for (let i = 0; i < 6; i++) {
			if (b.up('S sends').text === 'fast, leaves by w') old++;
			b.w.sleep(10);
		}
		b.is('of 6 packets in 60 s, out by w', old, 6);
		const fresh = b.up('S opens another connection', { sport: 4001 }).text;
		b.is('a new connection', fresh, 'classic, leaves by w2');
		const c = again();
		station(c, { more: two_gateways });
		c.open();
		c.do('ip -n nsr1 route replace default via 10.0.4.99 metric 10');
		let lost = 0;
		for (let i = 0; i < 6; i++) {
			if (c.up('S sends').path === 'lost') lost++;
			c.w.sleep(10);
		}
		c.is('of 6 packets in 60 s, lost', lost, 6);
		c.is('flows', c.flows.length, 1);
		c.w.sleep(32);
		c.is('after 32 s of silence', c.up('S sends').text, 'classic, leaves by w2');
		return `better default added: ${old} of 6 packets in 60 s by w; default replaced: ${lost} of 6 lost, w2 after 32 s of silence`;
	},
};
