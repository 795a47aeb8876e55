// SPDX-License-Identifier: GPL-2.0-only
/*
 * S20: nobody looks at a frame's destination MAC.
 */
import { M_R2 } from './bench.ts';
import type { experiment } from './experiment.ts';

const M_OTHER_ROUTER = '02:00:00:00:03:99';

export const S20: experiment = {
	id: 'S20',
	shows: "a frame of the flow on its way to another router's MAC is routed here",
	topology: 'ns1 --- veth0 [br0] nsr1 veth1 --- ns2; another router in ns3 --- veth2 [br0]',
	real: null,
	later: '6.12 the same',
	source: 'read from the code; a related report: openwrt PR 24038',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_offload_ip_hook',
			at: 'nf_flow_tuple_ip(',
		},
	],
	reading: 'inferred',
	run: (b) => {
		b.setup({
			bridged: true,
			more: (b) => {
				b.ns('ns3');
				b.wire('veth2', M_R2, 'ns3', 'eth0', M_OTHER_ROUTER);
				b.do('ip -n nsr1 link set veth2 master br0');
				b.r(`bridge fdb add ${M_OTHER_ROUTER} dev veth2 master static`);
			},
		});
		const before = b.up('without a flow: to the other router', { dmac: M_OTHER_ROUTER });
		b.is('without a flow', before.text, 'bridged, leaves by veth2');
		b.open();
		const after = b.up('with a flow: to the other router', { dmac: M_OTHER_ROUTER });
		b.is('with a flow', after.text, 'fast, leaves by veth1');
		return 'without a flow bridged to veth2, with one routed to veth1';
	},
};
