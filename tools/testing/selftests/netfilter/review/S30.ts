// SPDX-License-Identifier: GPL-2.0-only
/*
 * S30: a TCP connection need not be established.
 */
import { TH_ACK, TH_SYN } from '../../lib/craft.ts';
import type { experiment } from './experiment.ts';

export const S30: experiment = {
	id: 'S30',
	shows: 'TCP is offloaded by the SYN-ACK',
	topology: 'ns1 --- veth0 nsr1 veth1 --- ns2',
	real: {
		text: 'forward sees 1 original and 1 reply packet of a new connection; 6.1 sees 2 and 1',
		recording: 's9-tcp-fin-flow',
		evidence: [['summary.txt', /^fwd_established=1\/1$/m]],
	},
	later: '6.1 requires an established connection, later ones an assured one',
	source: 'code of 5.10 and 6.1',
	places: [
		{
			file: 'net/netfilter/nft_flow_offload.ts',
			fn: 'nft_flow_offload_eval',
			at: 'nf_ct_is_confirmed',
		},
	],
	reading: 'stated',
	run: (b) => {
		b.setup({});
		b.up('SYN', { proto: 6, flags: TH_SYN, payload: 0, ack: 0, seq: 999 });
		b.is('flows after the SYN', b.flows.length, 0);
		b.down('SYN-ACK', { proto: 6, flags: TH_SYN | TH_ACK, payload: 0, seq: 1999 });
		b.is('flows after the SYN-ACK', b.flows.length, 1);
		const ack = b.up('ACK', { proto: 6, payload: 0 });
		b.is('the ACK of the handshake', ack.path, 'fast');
		const [o, r] = b.forwarded;
		b.is('forward saw', [o, r], [1, 1]);
		return `forward sees ${o} original and ${r} reply packet; the ACK is fast`;
	},
};
