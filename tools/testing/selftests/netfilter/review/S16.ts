// SPDX-License-Identifier: GPL-2.0-only
/*
 * S16: changes of a port that are no NETDEV_DOWN.
 */
import type { experiment } from './experiment.ts';

export const S16: experiment = {
	id: 'S16',
	shows: 'the port leaves the bridge, is taken out of forwarding, loses its carrier: the flow stays',
	topology: 'ns1 --- veth0 [br0] nsr1 veth1 --- ns2',
	real: { text: 'the port out of the bridge: the offloaded flow goes on, no packet lost' },
	later: '6.12 the same',
	source: '<87sg9cjaxo.fsf@waldekranz.com> (STP); leaving and carrier: read from the code',
	places: [
		{
			file: 'net/netfilter/nft_flow_offload.ts',
			fn: 'flow_offload_netdev_event',
			at: 'NETDEV_DOWN) return',
		},
	],
	reading: 'inferred',
	correction:
		'carrier: the flow stays and is refreshed, but nothing is sent: a device without carrier has the noop queue, which drops in front of the taps; and state 4 (blocking) set by hand is undone at once without STP, so the port is made listening',
	run: (b) => {
		b.setup({ bridged: true });
		b.open();
		b.r('bridge link set dev veth0 state 4');
		b.like('state 4 without STP', b.ask('bridge link show dev veth0'), /state forwarding/);
		b.r('bridge link set dev veth0 state 1');
		b.like('state 1', b.ask('bridge link show dev veth0'), /state listening/);
		b.is('another connection', b.up('ns1 sends, other port', { sport: 4001 }).path, 'lost');
		const stp = [b.up().path, b.down().path];
		b.is('the flow', stp, ['fast', 'fast']);
		b.r('bridge link set dev veth0 state 3');
		b.do('ip -n ns1 link set eth0 down');
		b.w.sleep(1.5);
		b.like('carrier', b.ask('ip link show veth0'), /NO-CARRIER/);
		b.is('without a carrier', b.down().path, 'lost');
		b.is('flows', b.flows.length, 1);
		b.do('ip -n ns1 link set eth0 up');
		b.do('ip -n nsr1 link set veth0 nomaster');
		const out = [b.up().path, b.down().path];
		b.is('outside the bridge', out, ['fast', 'fast']);
		return 'listening: fast both ways; no carrier: flow stays, packets dropped; left br0: fast both ways';
	},
};
