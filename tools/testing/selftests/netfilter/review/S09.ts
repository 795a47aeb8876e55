// SPDX-License-Identifier: GPL-2.0-only
/*
 * S09: DIRECT leaves by the VLAN device nearest the wire.
 */
import { AD, Q } from './bench.ts';
import type { experiment } from './experiment.ts';

export const S09: experiment = {
	id: 'S09',
	shows: 'a bridge port on two VLAN devices: DIRECT frames leave without the inner tag',
	topology: 'ns1 --- veth0 .10 (802.1ad) .20 [br0] nsr1 veth1 --- ns2',
	real: {
		text: 'the inner tag is missing on the wire; a Linux receiver took the frame all the same; routed QinQ keeps both',
		recording: 's5-qinq-bridge-flow',
		evidence: [['summary.txt', /^udp_udp_replies=20$[^]*^frames_veth0\.s10=401$[^]*^frames_veth0\.c20=236$/m]],
	},
	later: 'merged: the first VLAN device from the IP side, both tags',
	source: 'read from patches 7/9 and 8/9; the same kind for PPPoE: 2456074935',
	places: [
		{
			file: 'net/netfilter/nft_flow_offload.ts',
			fn: 'nft_dev_path_info',
			at: 'info.vlandev ??= dev',
		},
		{
			file: 'net/netfilter/nft_flow_offload.ts',
			fn: 'nft_dev_forward_path',
			at: 'info.vlandev ?? info.indev',
		},
	],
	reading: 'inferred',
	run: (b, again) => {
		const tags = [
			[AD, 10],
			[Q, 20],
		] as const;
		b.setup({ bridged: true, tags });
		b.up('the first packet of ns1');
		const slow = b.down('the first answer, classic');
		b.is('classic', slow.text, 'classic, leaves by veth0 [802.1ad 10, 802.1q 20]');
		b.is('the flow leaves by', b.flows[0]?.reply.oif, 'veth0.10');
		const fast = b.down();
		b.is('DIRECT', fast.text, 'fast, leaves by veth0 [802.1ad 10]');
		const c = again();
		c.say('routed instead of bridged');
		c.setup({ tags, family: 'ip' });
		c.open();
		const routed = c.down();
		c.is('NEIGH', routed.text, 'fast, leaves by veth0 [802.1ad 10, 802.1q 20]');
		return 'classic 10+20, DIRECT 10 alone; routed NEIGH 10+20';
	},
};
