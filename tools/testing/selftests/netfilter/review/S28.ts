// SPDX-License-Identifier: GPL-2.0-only
/*
 * S28: what becomes of conntrack's state when a flow ends.
 */
import { TH_ACK, TH_FIN, TH_RST } from '../../lib/craft.ts';
import type { experiment } from './experiment.ts';

export const S28: experiment = {
	id: 'S28',
	shows: 'teardown forces ESTABLISHED, the mark stays until the collector, a half closed connection is offloaded again',
	topology: 'ns1 --- veth0 nsr1 veth1 --- ns2',
	real: {
		text: '[OFFLOAD] stays until the GC (up to 1 s), then TIME_WAIT with about 118 s; RST: CLOSE with about 8 s',
		recording: 's9-tcp-fin-flow',
		evidence: [
			['summary.txt', /^ct_after_close_0s=.*\[OFFLOAD\]/m],
			['summary.txt', /^ct_after_close_1s=ipv4 2 tcp 6 118 TIME_WAIT/m],
		],
	},
	later: 'e5eaac2beb54 (5.18) keeps the state; 6.1 stays classic after a FIN',
	source: 'commit e5eaac2beb54',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_core.ts',
			fn: 'flow_offload_fixup_tcp',
			at: 'TCP_CONNTRACK_ESTABLISHED',
		},
		{
			file: 'net/netfilter/nf_flow_table_core.ts',
			fn: 'flow_offload_del',
			at: 'IPS_OFFLOAD',
		},
	],
	reading: 'stated',
	run: (b, again) => {
		b.setup({});
		b.open({ proto: 6 });
		b.up('ns1 acknowledges', { proto: 6, payload: 0 });
		b.w.sleep(0.2);
		const fin = b.up('ns1 closes: FIN', { proto: 6, flags: TH_FIN | TH_ACK, payload: 0 });
		b.is('the FIN', fin.path, 'classic');
		b.is('marked still', b.offloaded, true);
		b.w.sleep(1.1);
		b.is('marked after the collector', b.offloaded, false);
		const half = b.down('ns2 sends on: half closed', { proto: 6, ack: 1001 });
		b.is('half closed', [half.path, b.offloaded], ['classic', true]);
		b.is('and fast again', b.down('ns2 sends on', { proto: 6, ack: 1001, seq: 2100 }).path, 'fast');
		const c = again();
		c.setup({});
		c.open({ proto: 6 });
		c.up('ns1 acknowledges', { proto: 6, payload: 0 });
		c.up('ns1 resets: RST', { proto: 6, flags: TH_RST | TH_ACK, payload: 0 });
		c.w.sleep(1.1);
		c.like('conntrack after an RST', c.conntrack, /tcp 6 ([89]|1[01]\d|120) CLOSE/);
		return 'FIN: marked until the collector; half closed: offloaded again; RST: CLOSE';
	},
};
