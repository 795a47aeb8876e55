// SPDX-License-Identifier: GPL-2.0-only
/*
 * S27: the connection closes where the flowtable does not look.
 */
import { TH_ACK, TH_FIN } from '../../lib/craft.ts';
import type { experiment } from './experiment.ts';

export const S27: experiment = {
	id: 'S27',
	shows: 'FINs that do not match the flow close the connection; the flow stays until it is idle',
	topology: 'ns1 --- veth0 nsr1 veth1 --- ns2',
	real: null,
	later: '6.12 the same',
	source: 'read from the code',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_state_check',
			at: 'flow_offload_teardown(flow)',
		},
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_tuple_ip',
			at: 'ip_has_options(thoff)',
		},
	],
	reading: 'inferred',
	run: (b) => {
		b.setup({});
		b.open({ proto: 6 });
		b.say('FINs of both sides with an IP option, which the fast path does not take');
		const close = { proto: 6 as const, flags: TH_FIN | TH_ACK, payload: 0, options: [1, 1, 1, 0] };
		const fins = [b.up('ns1 closes', close).path, b.down('ns2 closes', { ...close, ack: 1001 }).path];
		b.is('the FINs', fins, ['classic', 'classic']);
		b.w.sleep(1.5);
		b.is('flows', b.flows.length, 1);
		b.is('data after the close', b.up('ns1 sends', { proto: 6 }).path, 'fast');
		b.w.sleep(29);
		b.is('flows 29 s later', b.flows.length, 1);
		b.w.sleep(2.2);
		b.is('flows 31 s later', b.flows.length, 0);
		b.like('conntrack', b.conntrack, /tcp 6 1[12]\d ESTABLISHED/);
		return 'flow stays 30 s after the last packet, then conntrack says ESTABLISHED, 120 s';
	},
};
