// SPDX-License-Identifier: GPL-2.0-only
/*
 * I11: the VLAN device p1.10 goes down.
 */
import { Q } from './bench.ts';
import type { experiment } from './experiment.ts';
import { station } from './station.ts';

export const I11: experiment = {
	id: 'I11',
	shows: 'p1.10 goes down: net to S into a black hole, S to net goes on, the timer is refreshed',
	topology: 'S in ns1 --- p1 .10 [br0] nsr1 w --- ns2; ns3 --- p2 [br0]',
	real: null,
	later: '6.12 the same',
	source: 'read from the code',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_queue_xmit',
			at: 'dev_queue_xmit(skb)',
		},
	],
	reading: 'inferred',
	run: (b) => {
		station(b, { tags: [[Q, 10]] });
		b.open();
		b.do('ip -n nsr1 link set p1.10 down');
		let lost = 0;
		let fast = 0;
		for (let i = 0; i < 4; i++) {
			if (b.down('ns2 sends to S').path === 'lost') lost++;
			if (b.up('S sends').path === 'fast') fast++;
			b.w.sleep(20);
		}
		b.is('of 4 packets to S in 80 s, lost', lost, 4);
		b.is('of 4 packets from S, fast', fast, 4);
		b.is('flows', b.flows.length, 1);
		return `net to S: ${lost} of 4 lost in 80 s; S to net: ${fast} of 4 fast; the flow stays`;
	},
};
