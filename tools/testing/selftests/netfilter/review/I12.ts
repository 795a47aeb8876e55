// SPDX-License-Identifier: GPL-2.0-only
/*
 * I12: the gateway gets another MAC.
 */
import type { bench } from './bench.ts';
import type { experiment } from './experiment.ts';

export const M_NEW = '02:00:00:00:02:55';

/** The router's address on a bridge of w. */
export function bridged_wan(b: bench): void {
	b.do('ip -n nsr1 addr flush dev w');
	b.do('ip -n nsr1 link add br1 address 02:00:00:00:02:fe type bridge');
	b.do('ip -n nsr1 link set w master br1');
	b.do('ip -n nsr1 link set br1 up');
	b.do('ip -n nsr1 addr add 10.0.2.1/24 dev br1');
	b.reply.dmac = '02:00:00:00:02:fe';
}

function failover(b: bench, bridged: boolean): string {
	b.setup({ wan: 'w', lan: 'p1', more: (b) => (bridged ? bridged_wan(b) : undefined) });
	b.open();
	b.say('another machine takes over the address of the gateway');
	b.do(`ip -n ns2 link set eth0 address ${M_NEW}`);
	b.may('ip netns exec ns2 arping -A -c 1 -I eth0 10.0.2.99');
	b.w.sleep(1.5);
	b.may('ip netns exec ns2 arping -U -c 1 -I eth0 10.0.2.99');
	b.like('the neighbour table', b.ask('ip neigh show 10.0.2.99'), new RegExp(M_NEW));
	return b.up('S sends').left?.dst_mac ?? 'lost';
}

export const I12: experiment = {
	id: 'I12',
	shows: "the gateway's MAC changes (failover): NEIGH follows, DIRECT keeps the old one",
	topology: 'ns1 --- p1 nsr1 w --- ns2; and w as a port of br1',
	real: null,
	later: 'the same; documented since 5.13',
	source: 'documentation of 5.13 (nf_flowtable, limitations)',
	places: [
		{ file: 'net/netfilter/nf_flow_table_ip.ts', fn: 'nf_flow_queue_xmit', at: 'out.h_dest' },
		{ file: 'net/netfilter/nf_flow_table_ip.ts', fn: 'nf_flow_offload_ip_hook', at: 'neigh_xmit(' },
	],
	reading: 'stated',
	run: (b, again) => {
		const neigh = failover(b, false);
		b.is('NEIGH on w: to', neigh, M_NEW);
		const c = again();
		const direct = failover(c, true);
		c.is('DIRECT by the bridge of w: to', direct, '02:00:00:00:02:99');
		return 'NEIGH: new MAC; DIRECT: old MAC';
	},
};
