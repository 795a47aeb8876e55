// SPDX-License-Identifier: GPL-2.0-only
/*
 * I10: br0 goes down.
 */
import type { experiment } from './experiment.ts';
import { station, STATION_TOPOLOGY } from './station.ts';

export const I10: experiment = {
	id: 'I10',
	shows: 'br0 goes down: the flow keeps forwarding, its ingress device is p1',
	topology: STATION_TOPOLOGY,
	real: { text: 'br0 down: the offloaded flow goes on, no packet lost' },
	later: '6.12 the same',
	source: 'read from the code',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_core.ts',
			fn: 'nf_flow_table_do_cleanup',
			at: 'iifidx === dev.ifindex',
		},
	],
	reading: 'inferred',
	run: (b) => {
		station(b);
		b.open();
		b.do('ip -n nsr1 link set br0 down');
		let fast = 0;
		for (let i = 0; i < 6; i++) {
			if (b.up().path === 'fast') fast++;
			if (b.down().path === 'fast') fast++;
			b.w.sleep(10);
		}
		b.is('of 12 packets in 60 s, fast', fast, 12);
		return `${fast} of 12 packets in 60 s go on, both ways`;
	},
};
