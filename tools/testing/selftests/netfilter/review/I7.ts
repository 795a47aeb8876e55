// SPDX-License-Identifier: GPL-2.0-only
/*
 * I7: a port is deleted.
 */
import { Q } from './bench.ts';
import type { experiment } from './experiment.ts';
import { station, STATION_TOPOLOGY } from './station.ts';

export const I7: experiment = {
	id: 'I7',
	shows: 'a port is deleted: its NETDEV_DOWN does the work; where none matches, drop and teardown',
	topology: STATION_TOPOLOGY,
	real: null,
	later: 'the same',
	source: '<20201114115906.GA21025@salvia>',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_queue_xmit',
			at: 'return NF_DROP',
		},
	],
	reading: 'stated',
	run: (b, again) => {
		station(b);
		b.open();
		b.do('ip -n nsr1 link del p1');
		b.is('flows', b.flows.length, 0);
		b.like('devices of the flowtable', b.ask('nft list flowtables'), /devices = \{ p2, w \}/);
		const c = again();
		c.say('the port is a VLAN device, which is no ingress device of a flow');
		station(c, { tags: [[Q, 10]] });
		c.open();
		c.do('ip -n nsr1 link del p1.10');
		c.is('flows', c.flows.length, 1);
		const f = c.down('ns2 sends to S');
		c.is('the first packet', f.path, 'lost');
		c.is('marked until the collector', c.offloaded, true);
		c.w.sleep(1.1);
		c.is('flows a second later', c.flows.length, 0);
		return 'p1: torn down by its DOWN; p1.10: one packet dropped, then torn down';
	},
};
