// SPDX-License-Identifier: GPL-2.0-only
/*
 * I9: p1 leaves br0.
 */
import type { experiment } from './experiment.ts';
import { station, STATION_TOPOLOGY } from './station.ts';

export const I9: experiment = {
	id: 'I9',
	shows: 'p1 leaves br0: the flow keeps receiving from it and sending to it',
	topology: STATION_TOPOLOGY,
	real: { text: 'the port taken out of the bridge: the offloaded flow goes on, no packet lost' },
	later: '6.12 the same',
	source: 'read from the code',
	places: [
		{
			file: 'net/netfilter/nft_flow_offload.ts',
			fn: 'flow_offload_netdev_event',
			at: 'NETDEV_DOWN) return',
		},
	],
	reading: 'inferred',
	run: (b) => {
		station(b);
		b.open();
		b.do('ip -n nsr1 link set p1 nomaster');
		const up = b.up().text;
		const down = b.down().text;
		b.is('S to net', up, 'fast, leaves by w');
		b.is('net to S', down, 'fast, leaves by p1');
		b.is('classic traffic', b.up('S opens another', { sport: 4001 }).path, 'lost');
		return `S to net ${up}; net to S ${down}; another connection lost`;
	},
};
