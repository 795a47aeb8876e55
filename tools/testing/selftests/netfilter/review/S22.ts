// SPDX-License-Identifier: GPL-2.0-only
/*
 * S22: only 0x8100 is an inner tag.
 */
import { AD, Q } from './bench.ts';
import type { experiment } from './experiment.ts';

export const S22: experiment = {
	id: 'S22',
	shows: 'an inner tag of 802.1ad is not parsed: always the classic path',
	topology: 'ns1 --- veth0 .10 .20 (802.1ad inside) nsr1 veth1 --- ns2, table ip',
	real: null,
	later: 'the same',
	source: 'read from patch 8/9',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_skb_vlan_protocol',
			at: 'ETH_P_8021Q',
		},
	],
	reading: 'stated',
	run: (b) => {
		b.setup({
			family: 'ip',
			tags: [
				[Q, 10],
				[AD, 20],
			],
		});
		const f = b.open();
		b.is('the key has it', f.original.vlans, ['802.1q 10', '802.1ad 20']);
		const up = b.up().path;
		const down = b.down().path;
		b.is('to ns2, to ns1', [up, down], ['classic', 'fast']);
		return `tagged direction ${up}, the other one ${down}`;
	},
};
