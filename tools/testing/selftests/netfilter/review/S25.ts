// SPDX-License-Identifier: GPL-2.0-only
/*
 * S25: more than two VLANs.
 */
import { Q } from './bench.ts';
import type { experiment } from './experiment.ts';

export const S25: experiment = {
	id: 'S25',
	shows: 'three tags: the path is given up, the neighbour path stays',
	topology: 'ns1 --- veth0 .10 .20 .30 nsr1 veth1 --- ns2',
	real: null,
	later: 'merged order can bring the device back when ETHERNET comes last; bounded in 634f3853cc98 (2025)',
	source: 'read from patch 8/9; commit 634f3853cc98',
	places: [
		{
			file: 'net/netfilter/nft_flow_offload.ts',
			fn: 'nft_dev_path_info',
			at: 'info.indev = null',
		},
	],
	reading: 'stated',
	run: (b) => {
		b.setup({ tags: [10, 20, 30].map((id) => [Q, id] as const), family: 'ip' });
		const f = b.open();
		b.is('ingress and tags of the key', [f.original.iif, f.original.vlans], ['veth0.10.20.30', []]);
		b.is('egress', [f.reply.xmit, f.reply.oif], ['neigh', 'veth0.10.20.30']);
		b.is('an answer keeps all tags', b.down().text, 'fast, leaves by veth0 [802.1q 10, 802.1q 20, 802.1q 30]');
		b.is('the VLAN device is not in the flowtable', b.up().path, 'classic');
		b.is('records', b.records(), []);
		return 'falls back to the route: in veth0.10.20.30, out neigh with 3 tags';
	},
};
