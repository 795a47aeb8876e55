// SPDX-License-Identifier: GPL-2.0-only
/*
 * S08: the length that is compared with the MTU includes the inner tag.
 */
import { AD, Q } from './bench.ts';
import type { experiment } from './experiment.ts';

export const S08: experiment = {
	id: 'S08',
	shows: 'two tags: no packet of full size fits the cached MTU',
	topology: 'ns1 --- veth0 .10 (802.1ad) .20 nsr1 veth1 --- ns2, table ip',
	real: { text: 'table ip: small packets hit, every full-size segment goes through forward' },
	later: '6.1 compares with mtu + offset',
	source: 'comparison with 6.1',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_exceeds_mtu',
			at: 'skb.len <= mtu',
		},
	],
	reading: 'inferred',
	run: (b) => {
		b.setup({
			family: 'ip',
			tags: [
				[AD, 10],
				[Q, 20],
			],
		});
		const f = b.open();
		b.is('cached MTU', f.original.mtu, 1500);
		const sizes = [100, 1496, 1497, 1500];
		const paths = sizes.map((n) => b.up(`ns1 sends ${n} bytes of IP`, { payload: n - 28 }).path);
		b.is('100, 1496, 1497, 1500 bytes', paths, ['fast', 'fast', 'classic', 'classic']);
		b.is('flows', b.flows.length, 1);
		return sizes.map((n, i) => `${n} bytes ${paths[i]}`).join(', ');
	},
};
