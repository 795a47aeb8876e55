// SPDX-License-Identifier: GPL-2.0-only
/*
 * I8: p1 loses its carrier.
 */
import { M_NS1 } from './bench.ts';
import type { experiment } from './experiment.ts';
import { station, STATION_TOPOLOGY } from './station.ts';

export const I8: experiment = {
	id: 'I8',
	shows: 'p1 loses its carrier: the bridge forgets its stations, the flow stays and is refreshed',
	topology: STATION_TOPOLOGY,
	real: null,
	later: '6.12 the same',
	source: '<87sg9cjaxo.fsf@waldekranz.com> (link state); read from the code',
	places: [
		{
			file: 'net/netfilter/nft_flow_offload.ts',
			fn: 'flow_offload_netdev_event',
			at: 'NETDEV_DOWN) return',
		},
	],
	reading: 'inferred',
	correction:
		'"keeps sending to p1": nothing comes to p1, its queue is the noop one without a carrier and drops; dev_queue_xmit says so and v3 does not look',
	run: (b) => {
		station(b);
		b.open();
		b.do('ip -n ns1 link set eth0 down');
		b.w.sleep(2);
		b.like('carrier', b.ask('ip link show p1'), /NO-CARRIER/);
		b.is('the bridge knows S', b.fdb(M_NS1), '');
		let lost = 0;
		for (let i = 0; i < 6; i++) {
			if (b.down('ns2 sends to S').path === 'lost') lost++;
			b.w.sleep(10);
		}
		b.is('of 6 packets in 60 s, lost', lost, 6);
		b.is('flows', b.flows.length, 1);
		return `${lost} of 6 packets in 60 s dropped at p1, no FDB entry, the flow stays`;
	},
};
