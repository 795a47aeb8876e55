// SPDX-License-Identifier: GPL-2.0-only
/*
 * I6: a port goes down by the administrator.
 */
import type { experiment } from './experiment.ts';
import { station, STATION_TOPOLOGY } from './station.ts';

export const I6: experiment = {
	id: 'I6',
	shows: 'p1 is set down: torn down at once, classic path, correct',
	topology: STATION_TOPOLOGY,
	real: {
		text: 'offloaded before, classic at the next second, offloaded again after up',
		recording: 's10-veth0-down-flow',
		evidence: [['timeline.txt', /^t=3 ct=OFFLOAD[^]*^t=4 ct=classic[^]*^t=7 ct=OFFLOAD/m]],
	},
	later: 'the same',
	source: '<20201114115906.GA21025@salvia>',
	places: [
		{
			file: 'net/netfilter/nft_flow_offload.ts',
			fn: 'flow_offload_netdev_event',
			at: 'nf_flow_table_cleanup',
		},
		{
			file: 'net/netfilter/nf_flow_table_core.ts',
			fn: 'nf_flow_table_gc_cleanup',
			at: 'flush_delayed_work',
		},
	],
	reading: 'stated',
	run: (b) => {
		station(b);
		b.open();
		b.do('ip -n nsr1 link set p1 down');
		b.is('flows, at once', b.flows.length, 0);
		b.is('mark', b.offloaded, false);
		b.is('a packet to S', b.down().path === 'fast', false);
		b.do('ip -n nsr1 link set p1 up');
		b.w.sleep(0.5);
		const up = b.up('S sends').path;
		b.is('up again', [up, b.flows.length], ['classic', 1]);
		return 'torn down and collected at once; up again: classic, then offloaded again';
	},
};
