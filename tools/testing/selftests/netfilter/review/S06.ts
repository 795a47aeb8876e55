// SPDX-License-Identifier: GPL-2.0-only
/*
 * S06: the key takes all 16 bits of a tag.
 */
import { Q } from './bench.ts';
import type { experiment } from './experiment.ts';

export const S06: experiment = {
	id: 'S06',
	shows: 'priority bits in a tag, or a priority tag, miss the flow',
	topology: 'ns1 --- veth0 .10 [br0] nsr1 veth1 --- ns2',
	real: null,
	later: '6.1 and 6.12 the same',
	source: 'code of v3, 6.1 and 6.12',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_tuple_vlan',
			at: 'skb.vlan_tci',
		},
		{ file: 'net/netfilter/nf_flow_table_core.ts', fn: 'flow_offload_lookup' },
	],
	reading: 'stated',
	run: (b, again) => {
		b.setup({ bridged: true, tags: [[Q, 10]] });
		b.open();
		const plain = b.up('ns1 sends, TCI 0x000a', { tags: [[Q, 0x000a]] });
		b.is('priority 0', plain.text, 'fast, leaves by veth1');
		const pcp = b.up('ns1 sends, TCI 0xa00a', { tags: [[Q, 0xa00a]] });
		b.is('priority 5', pcp.text, 'classic, leaves by veth1');
		b.is('the flow is still there', b.up().path, 'fast');
		const c = again();
		c.say('an untagged flow, and a tag that has a priority and no VLAN');
		c.setup({});
		c.open();
		c.is('no tag', c.up().path, 'fast');
		const zero = c.up('ns1 sends, TCI 0xa000', { tags: [[Q, 0xa000]] });
		c.is('VLAN 0, priority 5', zero.path, 'classic');
		return `TCI 0x000a ${plain.path}, 0xa00a ${pcp.path}; untagged flow: TCI 0xa000 ${zero.path}`;
	},
};
