// SPDX-License-Identifier: GPL-2.0-only
/*
 * S01: IPv6 tests for NEIGH where XFRM is meant.
 */
import { play_xmit_type } from '../../lib/flows.ts';
import { M_NS2 } from './bench.ts';
import type { experiment } from './experiment.ts';

export const S01: experiment = {
	id: 'S01',
	shows: 'a plain IPv6 flow goes down the xfrm path, an XFRM one gets a verdict that was never set',
	topology: 'ns1 fd00:1::99 --- veth0 nsr1 veth1 --- fd00:2::99 ns2',
	real: {
		text: 'offloaded IPv6 packets pass postrouting: 40 of UDP there, 2 in prerouting',
		recording: 's7a-v6-routed-flow',
		evidence: [['summary.txt', /^preecho_pre_udp=2$[^]*^preecho_post_udp=40$/m]],
	},
	later: 'v5 and all merged versions: neigh_xmit; XFRM has its own branch',
	source: '<20201118233615.GD15137@breakpoint.cc>',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_offload_ipv6_hook',
			at: 'FLOW_OFFLOAD_XMIT_NEIGH /* unlikely */',
		},
		{ file: 'net/netfilter/nf_flow_table_ip.ts', fn: 'nf_flow_unset_verdict' },
	],
	reading: 'stated',
	cannot: 'the XFRM half by a policy: this world has no IPsec over IPv6, so the type is written into the flow',
	run: (b) => {
		b.setup({ six: true });
		b.open();
		const post = b.count('post');
		const pre = b.count('pre');
		let right = 0;
		for (let i = 0; i < 5; i++) {
			if (b.up().left?.dst_mac === M_NS2) right++;
			b.down();
		}
		b.is('packets to the right neighbour', right, 5);
		const passed = b.count('post') - post;
		b.is('of 10 offloaded packets, in postrouting', passed, 10);
		b.is('in prerouting', b.count('pre') - pre, 0);
		const { tuple } = b.the_flow.tuplehash[0];
		const undo = play_xmit_type(tuple, 1 /* FLOW_OFFLOAD_XMIT_XFRM */);
		b.say(
			'the type of the original direction is made XFRM, and its destination valid without a check, as a bundle is',
		);
		const dst = tuple.dst_cache!;
		const { obsolete } = dst;
		dst.obsolete = 0;
		b.is('the packet', b.up('ns1 sends, type XFRM').path, 'lost');
		b.is('records', b.records(), ['BUG nf_flow_offload_ipv6_hook, with the packet']);
		undo();
		dst.obsolete = obsolete;
		b.is('the next packet, type NEIGH again', b.up().path, 'fast');
		return `NEIGH: ${passed} of 10 fast packets in postrouting; XFRM: BUG, verdict not set`;
	},
};
