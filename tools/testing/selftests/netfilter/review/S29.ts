// SPDX-License-Identifier: GPL-2.0-only
/*
 * S29: the original direction of a flow is in the table before the reply direction.
 */
import { rhashtable_walk } from '../../../../../include/linux/rhashtable.ts';
import type { flow_offload_tuple_rhash } from '../../../../../include/net/netfilter/nf_flow_table.ts';
import { nf_ct_kill } from '../../../../../net/netfilter/nf_conntrack_core.ts';
import { flowtables } from '../../../../../net/netfilter/nf_flow_table_core.ts';
import type { experiment } from './experiment.ts';

export const S29: experiment = {
	id: 'S29',
	shows: 'the collector between the two inserts ends half a flow; its reply direction is inserted afterwards',
	topology: 'ns1 --- veth0 nsr1 veth1 --- ns2',
	real: null,
	later: '6.1.192 inserts the reply first: the collector only starts from originals',
	source: 'code of 6.1.192',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_core.ts',
			fn: 'flow_offload_add',
			at: 'flow.tuplehash_of(1)',
		},
	],
	reading: 'stated',
	cannot: 'as a race: a world has one processor; the experiment plays the other one between the two inserts',
	run: (b) => {
		b.setup({});
		b.up('the first packet of ns1');
		const [ft] = flowtables.of(b.w.m);
		const table = ft.rhashtable;
		let played = false;
		Object.defineProperty(ft, 'rhashtable', {
			configurable: true,
			get: () => {
				if (!played && table.nelems === 1) {
					played = true;
					rhashtable_walk(table, (h) => {
						nf_ct_kill(h.flow.ct);
					});
					ft.gc_work!.event.fn();
				}
				return table;
			},
		});
		b.say('between the inserts another processor ends the connection and runs the collector');
		b.down('the first answer of ns2: the flow is made');
		Object.defineProperty(ft, 'rhashtable', { configurable: true, writable: true, value: table });
		b.is('it came to pass', played, true);
		const left: flow_offload_tuple_rhash[] = [];
		rhashtable_walk(table, (h) => {
			left.push(h);
		});
		b.is('directions in the table', left.map((h) => h.tuple.dir), [1]);
		b.is('references on the connection of that flow', left[0]?.flow.ct.ct_general_use, 0);
		b.w.sleep(60);
		b.is('directions in the table a minute later', table.nelems, 1);
		return 'the reply direction of a freed flow stays in the table: in C, freed memory in a hash chain';
	},
};
