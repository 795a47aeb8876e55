// SPDX-License-Identifier: GPL-2.0-only
/*
 * I3: A outside moves inside.
 */
import { M_BR } from './bench.ts';
import type { experiment } from './experiment.ts';
import { M_NS3, station } from './station.ts';

export const I3: experiment = {
	id: 'I3',
	shows: "Jakub's case: A, outside behind w, moves inside behind p2; B behind p1 keeps sending",
	topology: 'B in ns1 --- p1 [br0] nsr1 w --- ns2, gateway to A 8.8.8.8; ns3 --- p2 [br0]',
	real: null,
	later: '6.12: NEIGH is torn down if the route changed, else the same',
	source: '<20201114090347.2e7c1457@…> (Jakub Kicinski)',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_offload_ip_hook',
			at: 'rt_nexthop(',
		},
	],
	reading: 'stated',
	run: (b) => {
		station(b, {
			more: (b) => {
				b.do('ip -n ns2 addr add 8.8.8.8/32 dev lo');
				b.do('ip -n nsr1 route add default via 10.141.10.2');
				b.orig.dst = b.reply.src = '8.8.8.8';
			},
		});
		b.open();
		b.say('A moves inside: its address to ns3, a host route to br0');
		b.do('ip -n ns2 addr del 8.8.8.8/32 dev lo');
		b.do('ip -n ns3 addr add 8.8.8.8/32 dev eth0');
		b.do('ip -n nsr1 route add 8.8.8.8/32 dev br0');
		b.r(`ip neigh replace 8.8.8.8 lladdr ${M_NS3} dev br0 nud reachable`);
		const there = b.send('A answers from p2', 'ns3', 'eth0', {
			...b.reply,
			smac: M_NS3,
			dmac: M_BR,
		});
		b.is('A to B', there.text, 'classic, leaves by p1');
		let out = 0;
		for (let i = 0; i < 6; i++) {
			if (b.up('B sends to A').text === 'fast, leaves by w') out++;
			b.w.sleep(10);
		}
		b.is('of 6 packets in 60 s, out by w', out, 6);
		const fresh = b.up('B opens another connection', { sport: 4001 });
		b.is('a new connection', fresh.text, 'classic, leaves by p2');
		return `A to B classic; B to A: ${out} of 6 packets in 60 s leave by w; a new connection by p2`;
	},
};
