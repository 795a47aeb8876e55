// SPDX-License-Identifier: GPL-2.0-only
/*
 * S18: the neighbour gets another MAC.
 */
import { M_NS1 } from './bench.ts';
import type { experiment } from './experiment.ts';

export const S18: experiment = {
	id: 'S18',
	shows: "the neighbour's MAC changes: DIRECT keeps the old one, NEIGH follows",
	topology: 'ns1 --- veth0 [br0] nsr1 veth1 --- ns2',
	real: null,
	later: '6.12 the same; documented since 5.13 (nf_flowtable, limitations)',
	source: 'read from patch 7/9; documentation of 5.13',
	places: [
		{ file: 'net/netfilter/nf_flow_table_ip.ts', fn: 'nf_flow_queue_xmit', at: 'out.h_dest' },
	],
	reading: 'stated',
	run: (b) => {
		b.setup({ bridged: true });
		b.open();
		b.r('ip neigh replace 192.168.20.2 lladdr 02:00:00:00:01:55 dev br0 nud permanent');
		const direct = b.down().left?.dst_mac;
		b.is('DIRECT to', direct, M_NS1);
		b.r('ip neigh replace 10.141.10.2 lladdr 02:00:00:00:02:55 dev veth1 nud permanent');
		const neigh = b.up().left?.dst_mac;
		b.is('NEIGH to', neigh, '02:00:00:00:02:55');
		return 'DIRECT: old MAC; NEIGH: new MAC';
	},
};
