// SPDX-License-Identifier: GPL-2.0-only
/*
 * S21: statistics of devices that are jumped over.
 */
import { Q } from './bench.ts';
import type { experiment } from './experiment.ts';

export const S21: experiment = {
	id: 'S21',
	shows: 'statistics: br0 counts nothing of DIRECT, the VLAN device counts what it sends, not what it receives',
	topology: 'ns1 --- veth0 .10 [br0] nsr1 veth1 --- ns2',
	real: {
		text: 'veth0 received 484 packets, veth0.10 and br0 125; sent: veth0 525, veth0.10 522, br0 51',
		recording: 's4-bridge-vlan-flow',
		evidence: [
			['ip-s-link.txt', /veth0@if3:[^]*?RX:.*\n +443088 +484 [^]*?TX:.*\n +446174 +525 /],
			['ip-s-link.txt', /veth0\.10@veth0:[^]*?RX:.*\n +164152 +125 [^]*?TX:.*\n +445844 +522 /],
			['ip-s-link.txt', / br0:[^]*?RX:.*\n +164152 +125 [^]*?TX:.*\n +4434 +51 /],
		],
	},
	later: 'the same',
	source: '<20201122102605.2342-1-alobakin@pm.me>, <20201122145108.2640-1-alobakin@pm.me>; figures of Pablo Neira Ayuso: br0 74 packets, veth0 4.7 M',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_vlan_pop',
			at: '__vlan_hwaccel_clear_tag',
		},
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_queue_xmit',
			at: 'skb.dev = outdev',
		},
	],
	reading: 'stated',
	run: (b) => {
		b.setup({ bridged: true, tags: [[Q, 10]] });
		b.open();
		const devices = ['br0', 'veth0.10'];
		const read = (): number[] => devices.flatMap((d) => [b.stat(d, 'rx'), b.stat(d, 'tx')]);
		const before = read();
		let wire = 0;
		for (let i = 0; i < 10; i++) {
			if (b.up().all.some((s) => s.dev === 'veth0' && !s.out)) wire++;
			if (b.down().left?.dev === 'veth0') wire++;
		}
		const after = read().map((n, i) => n - before[i]);
		b.is('packets on the wire of veth0', wire, 20);
		b.is('10 each way, rx and tx of br0, veth0.10', after, [0, 0, 0, 10]);
		return `10 each way on the wire of veth0: br0 rx ${after[0]} tx ${after[1]}, veth0.10 rx ${after[2]} tx ${after[3]}`;
	},
};
