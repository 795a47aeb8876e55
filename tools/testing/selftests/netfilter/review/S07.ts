// SPDX-License-Identifier: GPL-2.0-only
/*
 * S07: IPv6 looks for FIN and RST without the tag's offset.
 */
import { TH_ACK, TH_FIN } from '../../lib/craft.ts';
import { Q } from './bench.ts';
import type { experiment } from './experiment.ts';

export const S07: experiment = {
	id: 'S07',
	shows: 'IPv6 behind an inner tag: FIN and RST are looked for in the acknowledgement number',
	topology: 'ns1 --- veth0 .10 .20 nsr1 veth1 --- ns2, IPv6, table ip6',
	real: null,
	later: '6.1 adds the offset',
	source: 'comparison of patch 8/9 with 6.1',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_offload_ipv6_hook',
			at: 'nf_flow_state_check(',
		},
	],
	reading: 'inferred',
	run: (b) => {
		b.setup({
			six: true,
			family: 'ip6',
			tags: [
				[Q, 10],
				[Q, 20],
			],
		});
		b.open({ proto: 6 });
		b.is('data', b.up('ns1 sends data', { proto: 6 }).path, 'fast');
		const fin = b.up('ns1 closes: FIN', { proto: 6, flags: TH_FIN | TH_ACK, payload: 0 });
		b.is('a FIN passes for data', fin.path, 'fast');
		b.is('flows', b.flows.length, 1);
		const data = b.up('ns1 sends data, acknowledgement 0x00010000', {
			proto: 6,
			ack: 0x00010000,
		});
		b.is('data pass for a FIN', data.path, 'classic');
		b.w.sleep(1.1);
		b.is('flows after the next collection', b.flows.length, 0);
		return `FIN ${fin.path}, flow stays; data with ack 0x00010000 ${data.path}, flow torn down`;
	},
};
