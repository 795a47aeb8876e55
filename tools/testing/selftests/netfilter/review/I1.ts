// SPDX-License-Identifier: GPL-2.0-only
/*
 * I1: a station moves between local ports and sends first.
 */
import { M_NS1 } from './bench.ts';
import type { experiment } from './experiment.ts';
import { move, station, STATION_TOPOLOGY, watch } from './station.ts';

export const I1: experiment = {
	id: 'I1',
	shows: 'VM migration between local ports, S sends first: net to S goes to the old port as long as it flows',
	topology: STATION_TOPOLOGY,
	real: {
		text: 'old port for 46 s watched; A to B classic, not offloaded again; after 33 s of silence the next packet goes right',
		recording: 's11-garp-flow',
		evidence: [['timeline.txt', /^t=46 tx_p1=10 tx_p2=0 ct=OFFLOAD fdb=veth2,$/m]],
	},
	later: '6.1 and 6.12 the same',
	source: '<20201114090347.2e7c1457@…>, <20201116142844.7c492fb6@…> (Jakub Kicinski), <20201116223615.GA6967@salvia>',
	places: [
		{
			file: 'net/netfilter/nft_flow_offload.ts',
			fn: 'nft_flow_offload_eval',
			at: 'IPS_OFFLOAD) !== 0',
		},
		{
			file: 'net/netfilter/nf_flow_table_core.ts',
			fn: 'flow_offload_refresh',
		},
	],
	reading: 'stated',
	correction:
		'"A to B misses and will update the cache" (<20201116223615.GA6967@salvia>) does not hold while the old flow lives: flow add refuses a connection that has the offload mark',
	run: (b) => {
		station(b);
		b.open();
		move(b);
		const first = b.send('S sends from p2', 'ns3', 'eth0', b.orig);
		b.is('S to net', first.text, 'classic, leaves by w');
		b.like('the bridge', b.fdb(M_NS1), /^p2/);
		const by = watch(b, 12, 10);
		b.is('12 packets to S in 120 s', [...by], [['fast p1', 12]]);
		b.is('S to net again', b.send('S sends', 'ns3', 'eth0', b.orig).path, 'classic');
		b.w.sleep(33);
		const f = b.down('ns2 sends after 33 s of silence');
		b.is('then', f.text, 'classic, leaves by p2');
		return `S to net classic; net to S: ${by.get('fast p1')} of 12 to p1 in 120 s; after 33 s of silence p2`;
	},
};
