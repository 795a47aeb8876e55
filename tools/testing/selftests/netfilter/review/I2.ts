// SPDX-License-Identifier: GPL-2.0-only
/*
 * I2: a station moves and says nothing.
 */
import { M_NS1 } from './bench.ts';
import type { experiment } from './experiment.ts';
import { move, station, STATION_TOPOLOGY, watch } from './station.ts';

export const I2: experiment = {
	id: 'I2',
	shows: 'VM migration, silent: only net sends; lost as long as traffic flows',
	topology: STATION_TOPOLOGY,
	real: {
		text: 'all to the old port, while the FDB still says it too',
		recording: 's11-garp-flow',
		evidence: [['timeline.txt', /^t=15 tx_p1=5 tx_p2=0 ct=OFFLOAD fdb=veth0,$/m]],
	},
	later: '6.12 the same',
	source: '<20201116144521.771da0c6@…> (Jakub Kicinski), <20201116225658.GA7247@salvia>',
	places: [
		{ file: 'net/netfilter/nf_flow_table_ip.ts', fn: 'nf_flow_queue_xmit', at: 'out.ifidx' },
	],
	reading: 'stated',
	run: (b) => {
		station(b);
		b.open();
		move(b);
		const by = watch(b, 12, 10);
		b.is('12 packets to S in 120 s', [...by], [['fast p1', 12]]);
		b.like('the bridge', b.fdb(M_NS1), /^p1/);
		b.is('flows', b.flows.length, 1);
		return `${by.get('fast p1')} of 12 packets in 120 s to p1; the FDB says p1 too`;
	},
};
