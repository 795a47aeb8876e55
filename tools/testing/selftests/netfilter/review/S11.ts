// SPDX-License-Identifier: GPL-2.0-only
/*
 * S11: the inner tag is read without asking whether it is there.
 */
import { craft } from '../../lib/craft.ts';
import { Q } from './bench.ts';
import type { experiment } from './experiment.ts';

export const S11: experiment = {
	id: 'S11',
	shows: 'a frame that ends in its inner tag: the hook reads behind the data',
	topology: 'ns1 --- veth0 .10 .20 nsr1 veth1 --- ns2, table ip',
	real: null,
	later: '6ea14ccb60c8 pulls the tag first, later widened to MAC offset and header',
	source: 'commit 6ea14ccb60c8 (syzbot); mail 48099811516',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_skb_vlan_protocol',
			at: 'veth + 18',
		},
	],
	reading: 'stated',
	run: (b) => {
		b.setup({
			family: 'ip',
			tags: [
				[Q, 10],
				[Q, 20],
			],
		});
		b.open();
		const short = b.send('ns1 sends 20 bytes: MACs, a tag, half a tag', 'ns1', 'eth0', craft(b.orig).slice(0, 20));
		b.is('the frame', short.path, 'lost');
		b.is('records', b.records(), ['BUG nf_flow_skb_vlan_protocol, with the packet']);
		b.is('the world goes on', b.up().path, 'fast');
		return 'BUG: reads past the linear data; the frame goes to the classic path, which drops it';
	},
};
