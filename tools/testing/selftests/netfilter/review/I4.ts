// SPDX-License-Identifier: GPL-2.0-only
/*
 * I4: a station behind switches.
 */
import { type bench, M_NS1 } from './bench.ts';
import type { experiment } from './experiment.ts';
import { watch } from './station.ts';

/** Two switches: S behind the first, which is at p1; the second is at p2. */
export function switches(b: bench): void {
	b.do('ip netns add lan');
	for (const n of [0, 1]) {
		b.do(`ip -n lan link add sw${n} type bridge`);
		b.do(`ip -n lan link set sw${n} up`);
	}
	/* the cable of S goes to a switch, and the switch to p1; p2 goes to the other switch */
	b.do('ip link add hs netns lan type veth peer name eth9 netns ns1');
	b.do('ip -n ns1 link set eth0 down');
	b.do('ip -n ns1 link set eth0 name u0');
	b.do('ip -n ns1 link set u0 address 02:00:00:00:09:00');
	b.do('ip -n ns1 link set u0 netns lan');
	b.do('ip -n ns1 link set eth9 name eth0');
	b.do(`ip -n ns1 link set eth0 address ${M_NS1}`);
	b.do('ip -n ns1 link set eth0 up');
	b.do('ip -n ns1 addr add 192.168.20.2/24 dev eth0');
	b.do('ip -n ns1 route add default via 192.168.20.1');
	b.wire('p2', '02:00:00:00:01:02', 'lan', 'u1', '02:00:00:00:09:01');
	b.do('ip -n nsr1 link set p2 master br0');
	for (const [port, sw] of [
		['hs', 'sw0'],
		['u0', 'sw0'],
		['u1', 'sw1'],
	]) {
		b.do(`ip -n lan link set ${port} master ${sw}`);
		b.do(`ip -n lan link set ${port} up`);
	}
}

export const I4: experiment = {
	id: 'I4',
	shows: 'a station behind switches is plugged into the other one: no link of the router changes',
	topology: 'S --- sw0 --- p1 [br0] nsr1 w --- ns2; sw1 --- p2 [br0]',
	real: null,
	later: '6.12 the same',
	source: '<87sg9cjaxo.fsf@waldekranz.com> (Tobias Waldekranz), <20201116223114.GA6905@salvia>',
	places: [
		{ file: 'net/netfilter/nf_flow_table_ip.ts', fn: 'nf_flow_queue_xmit', at: 'out.ifidx' },
	],
	reading: 'stated',
	run: (b) => {
		b.setup({ bridged: true, lan: 'p1', wan: 'w', devices: 'p1, p2, w', more: switches });
		b.open();
		b.is('before', b.down().text, 'fast, leaves by p1');
		b.say('S is plugged from sw0 into sw1');
		const links = b.ask('ip -o link show');
		b.do('ip -n lan link set hs nomaster');
		b.do('ip -n lan link set hs master sw1');
		b.is('a link of the router changed', b.ask('ip -o link show') !== links, false);
		const first = b.up('S sends');
		b.is('S to net', first.text, 'classic, leaves by w');
		b.like('the bridge', b.fdb(M_NS1), /^p2/);
		const by = watch(b, 6, 10);
		b.is('6 packets to S in 60 s', [...by], [['fast p1', 6]]);
		return `S to net classic; net to S: ${by.get('fast p1')} of 6 to p1 in 60 s, FDB says p2`;
	},
};
