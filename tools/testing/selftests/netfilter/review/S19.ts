// SPDX-License-Identifier: GPL-2.0-only
/*
 * S19: the route changes.
 */
import type { bench } from './bench.ts';
import type { experiment } from './experiment.ts';

/** A second way out behind veth2. */
function second_way(b: bench): void {
	b.ns('ns3');
	b.wire('veth2', '02:00:00:00:03:01', 'ns3', 'eth0', '02:00:00:00:03:99');
	b.do('ip -n nsr1 addr add 10.0.3.1/24 dev veth2');
	b.do('ip -n ns3 addr add 10.0.3.99/24 dev eth0');
	b.try('ip netns exec nsr1 ping -c 1 -W 1 10.0.3.99');
}

export const S19: experiment = {
	id: 'S19',
	shows: 'the route changes: nothing looks at it; a route that is taken away leaves NEIGH a dead destination',
	topology: 'ns1 --- veth0 [br0] nsr1 veth1 --- ns2; ns3 --- veth2 nsr1',
	real: null,
	later: 'NEIGH: e5075c0badaa, 2738d9d963bd tear down; DIRECT: no check in any version',
	source: 'read from patch 2/9; commits e5075c0badaa, 2738d9d963bd',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_offload_dst_check',
			at: 'FLOW_OFFLOAD_XMIT_XFRM',
		},
		{ file: 'net/core/dst.ts', fn: 'dst_dev_put', at: 'dst.dev = blackhole' },
	],
	reading: 'stated',
	correction:
		'"keeps the old dst for the life of the flow" holds while the old route lives on beside a better one. When its next hop goes (route deleted or replaced), dst_dev_put() (net/core/dst.c:154) puts the cached destination on the blackhole device: NEIGH packets are dropped, and each keeps the flow alive',
	run: (b, again) => {
		b.setup({ bridged: true, more: second_way });
		b.open();
		b.say('better routes beside the old ones');
		b.do('ip -n nsr1 route add 10.141.10.2/32 via 10.0.3.99');
		b.do('ip -n nsr1 route add 192.168.20.2/32 via 10.0.3.99');
		b.is('NEIGH', b.up().text, 'fast, leaves by veth1');
		b.is('DIRECT', b.down().text, 'fast, leaves by veth0');
		const fresh = b.up('ns1 opens another', { sport: 4001 });
		b.is('a new connection', fresh.text, 'classic, leaves by veth2');
		const c = again();
		c.say('routes of their own for the flow, which are deleted');
		c.setup({
			bridged: true,
			more: (c) => {
				c.do('ip -n nsr1 route add 10.141.10.2/32 dev veth1');
				c.do('ip -n nsr1 route add 192.168.20.2/32 dev br0');
			},
		});
		c.open();
		c.do('ip -n nsr1 route del 10.141.10.2/32 dev veth1');
		c.do('ip -n nsr1 route del 192.168.20.2/32 dev br0');
		let lost = 0;
		for (let i = 0; i < 3; i++) {
			if (c.up().path === 'lost') lost++;
			c.is('DIRECT', c.down().text, 'fast, leaves by veth0');
			c.w.sleep(20);
		}
		c.is('NEIGH: of 3 packets in 60 s, lost', lost, 3);
		c.is('flows', c.flows.length, 1);
		c.is('a new connection', c.up('ns1 opens another', { sport: 4001 }).text, 'classic, leaves by veth1');
		return `better route added: old one used, both types; old route deleted: NEIGH ${lost} of 3 lost in 60 s, DIRECT goes on`;
	},
};
