// SPDX-License-Identifier: GPL-2.0-only
/*
 * S02: the path stack has five entries and no check.
 */
import { flow_text } from '../../lib/flows.ts';
import { Q } from './bench.ts';
import type { experiment } from './experiment.ts';

export const S02: experiment = {
	id: 'S02',
	shows: 'five stacked devices above a real one: a sixth entry is written past the path stack',
	topology:
		'ns1 --- veth0 .10 .20 .30 .40 .50 nsr1 --- ns2; and ns1 --- veth0 .10 br0 .7 br1 nsr1 --- ns2, which fits',
	real: null,
	later: 'merged: dev_fwd_path answers -1 when full; the flow uses the neighbour path',
	source:
		'<20201113174246.300997fb@…> (Jakub Kicinski), <20201114120057.GB21025@salvia>, <20201118232259.GC15137@breakpoint.cc>',
	places: [
		{ file: 'net/core/dev.ts', fn: 'dev_fill_forward_path', at: 'next_path(last_dev, stack)' },
		{ file: 'net/core/dev.ts', fn: 'next_path' },
	],
	reading: 'stated',
	run: (b, again) => {
		b.setup({ tags: [10, 20, 30, 40, 50].map((id) => [Q, id] as const), family: 'ip' });
		const f = b.open();
		b.is('records', b.records(), ['BUG dev_fill_forward_path, with the packet']);
		b.is('the flow falls back to the route', f.original.iif, 'vlan50');
		b.is('the world goes on', b.up().path, 'classic');

		const c = again();
		c.say('four devices with a callback and the real one: exactly five entries');
		c.setup({
			bridged: true,
			tags: [[Q, 10]],
			more: (c) => {
				c.do('ip -n nsr1 addr flush dev br0');
				c.do('ip -n nsr1 link add link br0 name br0.7 type vlan id 7');
				c.do('ip -n nsr1 link add br1 address 02:00:00:00:01:fd type bridge');
				c.do('ip -n nsr1 link set br0.7 master br1');
				c.do('ip -n nsr1 link set br0.7 up');
				c.do('ip -n nsr1 link set br1 up');
				c.do('ip -n nsr1 addr add 192.168.20.1/24 dev br1');
				c.do('ip -n ns1 addr flush dev eth0.10');
				c.do('ip -n ns1 link add link eth0.10 name eth0.10.7 type vlan id 7');
				c.do('ip -n ns1 link set eth0.10.7 up');
				c.do('ip -n ns1 addr add 192.168.20.2/24 dev eth0.10.7');
				c.do('ip -n ns1 route add default via 192.168.20.1');
				c.orig.dmac = '02:00:00:00:01:fd';
				c.orig.tags = [
					[Q, 10],
					[Q, 7],
				];
			},
		});
		const g = c.open();
		c.is('no record', c.records(), []);
		c.is(
			'the flow',
			flow_text(g).replace(/.* \| /, ''),
			'10.141.10.2.5000 > 192.168.20.2.4000 in veth1 out direct veth0.10',
		);
		c.is('its key', g.original.vlans, ['802.1q 10', '802.1q 7']);
		return '6th entry: BUG, path given up, neighbour path; 5 entries: resolved, no record';
	},
};
