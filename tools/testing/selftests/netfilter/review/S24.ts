// SPDX-License-Identifier: GPL-2.0-only
/*
 * S24: an xmit type that no case has.
 */
import { play_xmit_type } from '../../lib/flows.ts';
import type { experiment } from './experiment.ts';

export const S24: experiment = {
	id: 'S24',
	shows: 'an unknown xmit type: the verdict is returned without having been set',
	topology: 'ns1 --- veth0 nsr1 veth1 --- ns2',
	real: null,
	later: '6.12 warns and drops',
	source: 'code of v3 and 6.12',
	places: [{ file: 'net/netfilter/nf_flow_table_ip.ts', fn: 'nf_flow_unset_verdict' }],
	reading: 'stated',
	cannot: 'by itself: nothing in v3 sets the fourth value of the two bits, so it is written into the flow',
	run: (b) => {
		b.setup({});
		b.open();
		const { tuple } = b.the_flow.tuplehash[0];
		b.say('the xmit type of the original direction is made 3');
		const undo = play_xmit_type(tuple, 3);
		const f = b.up();
		b.is('the packet', f.path, 'lost');
		b.is('records', b.records(), ['BUG nf_flow_offload_ip_hook, with the packet']);
		undo();
		b.is('the next packet, type NEIGH again', b.up().path, 'fast');
		return 'BUG: verdict not set for xmit type 3; the packet is dropped, the world goes on';
	},
};
