// SPDX-License-Identifier: GPL-2.0-only
/*
 * S17: a host moves to another port.
 */
import { M_NS1 } from './bench.ts';
import type { experiment } from './experiment.ts';
import { move, station, STATION_TOPOLOGY } from './station.ts';

export const S17: experiment = {
	id: 'S17',
	shows: 'a host moves to another port, the bridge knows, the flow does not',
	topology: STATION_TOPOLOGY,
	real: {
		text: 'station moved, FDB correct: B to A leaves by the old port as long as it flows, 46 s watched',
		recording: 's11-garp-flow',
		evidence: [['timeline.txt', /^t=46 tx_p1=10 tx_p2=0 ct=OFFLOAD fdb=veth2,$/m]],
	},
	later: '6.12 the same; proposals see I1',
	source: '<20201113175556.25e57856@…> (Jakub Kicinski) and the thread, see I1 to I5',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_queue_xmit',
			at: 'out.ifidx',
		},
		{ file: 'net/bridge/br_fdb.ts', fn: 'br_fdb_update' },
	],
	reading: 'stated',
	run: (b) => {
		station(b);
		b.open();
		b.is('before', b.down().text, 'fast, leaves by p1');
		move(b);
		b.may('ip netns exec ns3 arping -A -c 1 -I eth0 192.168.20.2');
		b.like('the bridge', b.fdb(M_NS1), /^p2 /);
		const after = b.down();
		b.is('the flow', after.text, 'fast, leaves by p1');
		b.is('a new connection', b.down('ns2 opens another', { sport: 5001 }).text, 'classic, leaves by p2');
		return 'FDB says p2, DIRECT leaves by p1; a new connection leaves by p2';
	},
};
