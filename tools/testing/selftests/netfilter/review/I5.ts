// SPDX-License-Identifier: GPL-2.0-only
/*
 * I5: STP takes a port out of forwarding.
 */
import { M_NS1 } from './bench.ts';
import type { experiment } from './experiment.ts';
import { station, STATION_TOPOLOGY } from './station.ts';

export const I5: experiment = {
	id: 'I5',
	shows: 'p1 is taken out of forwarding and its FDB flushed: p1 still sends and accepts fast-path frames',
	topology: STATION_TOPOLOGY,
	real: null,
	later: '6.12 the same',
	source: '<87sg9cjaxo.fsf@waldekranz.com> (Tobias Waldekranz)',
	places: [
		{ file: 'net/netfilter/nf_flow_table_ip.ts', fn: 'nf_flow_queue_xmit', at: 'out.ifidx' },
		{ file: 'net/bridge/br_device.ts', fn: 'br_fill_forward_path' },
	],
	reading: 'stated',
	cannot: 'the protocol itself: this bridge speaks no STP, the state is the one that the user sets',
	run: (b) => {
		station(b);
		b.open();
		b.r('bridge link set dev p1 state 1');
		b.do('ip -n nsr1 link set p1 type bridge_slave fdb_flush');
		b.like('state', b.ask('bridge link show dev p1'), /state listening/);
		b.is('the bridge knows S', b.fdb(M_NS1), '');
		const classic = b.up('S opens another connection', { sport: 4001 }).path;
		b.is('classic traffic of p1', classic, 'lost');
		const up = b.up().path;
		const down = b.down().text;
		b.is('the flow, in by p1', up, 'fast');
		b.is('the flow, out', down, 'fast, leaves by p1');
		return `classic traffic ${classic}; the flow: in by p1 ${up}, out ${down}`;
	},
};
