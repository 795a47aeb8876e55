// SPDX-License-Identifier: GPL-2.0-only
/*
 * I15: the connection is closed from the new place.
 */
import { TH_ACK, TH_FIN } from '../../lib/craft.ts';
import type { experiment } from './experiment.ts';
import { move, station, STATION_TOPOLOGY } from './station.ts';

export const I15: experiment = {
	id: 'I15',
	shows: 'the FIN comes in on p2 after the move: conntrack closes, the flow stays up to 30 s idle',
	topology: STATION_TOPOLOGY,
	real: null,
	later: '6.12 the same',
	source: 'read from the code',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_core.ts',
			fn: 'flow_offload_lookup',
			at: 'rhashtable_lookup',
		},
	],
	reading: 'inferred',
	run: (b) => {
		station(b);
		b.open({ proto: 6 });
		b.up('S acknowledges', { proto: 6, payload: 0 });
		move(b);
		const fin = b.send('S closes from p2: FIN', 'ns3', 'eth0', {
			...b.orig,
			proto: 6,
			flags: TH_FIN | TH_ACK,
			payload: 0,
		});
		b.is('the FIN', fin.text, 'classic, leaves by w');
		b.w.sleep(1.5);
		b.is('flows', b.flows.length, 1);
		const ack = b.down('ns2 acknowledges', { proto: 6, payload: 0, ack: 1001 });
		b.is('its ACK', ack.text, 'fast, leaves by p1');
		b.w.sleep(28);
		b.is('flows 28 s later', b.flows.length, 1);
		b.w.sleep(3.2);
		b.is('flows 31 s later', b.flows.length, 0);
		b.like('conntrack', b.conntrack, /tcp 6 1[12]\d ESTABLISHED/);
		return 'FIN classic; its ACK to p1, lost; the flow 30 s longer, then conntrack says ESTABLISHED';
	},
};
