// SPDX-License-Identifier: GPL-2.0-only
/*
 * I16: the MTU of the route's device gets smaller.
 */
import type { experiment } from './experiment.ts';
import { station, STATION_TOPOLOGY } from './station.ts';

export const I16: experiment = {
	id: 'I16',
	shows: 'the MTU of w is lowered: the flow keeps the old one, oversize frames are sent',
	topology: STATION_TOPOLOGY,
	real: null,
	later: '6.12 the same; teardown on oversize (b8baac3b9c5c) was reverted by cf56aa8dd263',
	source: 'commits b8baac3b9c5c, cf56aa8dd263',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_exceeds_mtu',
			at: 'skb.len <= mtu',
		},
		{
			file: 'net/netfilter/nf_flow_table_core.ts',
			fn: 'flow_offload_fill_route',
			at: 'ip_dst_mtu_maybe_forward',
		},
	],
	reading: 'stated',
	run: (b) => {
		station(b);
		b.open();
		b.do('ip -n nsr1 link set w mtu 1400');
		const big = b.up('S sends 1500 bytes of IP', { payload: 1500 - 28 });
		b.is('the flow', [big.text, big.left?.ip_len], ['fast, leaves by w', 1500]);
		const fresh = b.up('S opens another connection with 1500 bytes', {
			sport: 4001,
			payload: 1500 - 28,
		});
		b.is('a new connection', fresh.text, 'lost, answered by ICMP 3/4');
		return `1500 bytes ${big.path} by w (MTU 1400); a new connection: fragmentation needed`;
	},
};
