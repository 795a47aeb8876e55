// SPDX-License-Identifier: GPL-2.0-only
/*
 * I14: the FDB entry of a busy station ages out.
 */
import { M_NS1, M_NS2 } from './bench.ts';
import type { experiment } from './experiment.ts';
import { M_NS3, station } from './station.ts';

export const I14: experiment = {
	id: 'I14',
	shows: 'S only uses the fast path: its FDB entry ages out, the flow goes on, other traffic to S is flooded',
	topology: 'S in ns1 --- p1 [br0] nsr1 w --- ns2; ns3 --- p2 [br0]; ns5 --- p3 [br0]',
	real: null,
	later: '6.12 the same',
	source: 'read from the code',
	places: [
		{ file: 'net/bridge/br_input.ts', fn: 'br_handle_frame_finish', at: 'br_fdb_update(' },
		{ file: 'net/netfilter/nf_flow_table_ip.ts', fn: 'nf_flow_offload_ip_hook', at: 'flow_offload_lookup' },
	],
	reading: 'inferred',
	run: (b) => {
		station(b, {
			more: (b) => {
				b.ns('ns5');
				b.wire('p3', '02:00:00:00:01:03', 'ns5', 'eth0', '02:00:00:00:05:99');
				b.do('ip -n nsr1 link set p3 master br0');
			},
		});
		b.open();
		const ports = (): string[] => {
			const to = { ...b.orig, smac: M_NS3, dmac: M_NS1, src: '192.168.20.3', dst: '192.168.20.2' };
			return b
				.send('a station on p2 sends to S', 'ns3', 'eth0', to)
				.all.filter((s) => s.out && s.dev !== 'br0')
				.map((s) => s.dev)
				.sort();
		};
		b.is('a frame of p2 to S leaves by', ports(), ['p1']);
		let fast = 0;
		for (let i = 0; i < 16; i++) {
			if (b.up('S sends').path === 'fast') fast++;
			if (b.down().path === 'fast') fast++;
			b.w.sleep(20);
		}
		b.is('of 32 packets in 320 s, fast', fast, 32);
		b.is('the bridge knows S', b.fdb(M_NS1), '');
		const flooded = ports();
		b.is('a frame of p2 to S leaves by', flooded, ['p1', 'p3']);
		b.is('the flow', [b.down().text, b.up().left?.dst_mac], ['fast, leaves by p1', M_NS2]);
		return `${fast} of 32 packets in 320 s fast; FDB entry gone; others' frames to S flooded to ${flooded.join(', ')}`;
	},
};
