// SPDX-License-Identifier: GPL-2.0-only
/*
 * S12: the inner tag is popped without taking it out of a complete checksum.
 */
import { CHECKSUM_COMPLETE, type sk_buff } from '../../../../../include/linux/skbuff.ts';
import { fold16, sum16 } from '../../lib/packet.ts';
import { Q } from './bench.ts';
import type { experiment } from './experiment.ts';

/** How much a packet's complete checksum is off from its IP packet's, 0 to 0xfffe. */
function error_of(skb: sk_buff): number {
	const at = skb.network_header;
	const right = fold16(sum16(skb.head, at, skb.tail - at));
	return (fold16((skb.csum & 0xffff) + (skb.csum >>> 16)) + 0xffff - right) % 0xffff;
}

/** What a NIC does that sums up what it receives. */
function sum_up(skb: sk_buff): void {
	skb.ip_summed = CHECKSUM_COMPLETE;
	skb.csum = fold16(sum16(skb.head, skb.data, skb.len));
}

export const S12: experiment = {
	id: 'S12',
	shows: 'a checksum over the whole packet keeps the four bytes of the popped inner tag',
	topology: 'ns1 --- veth0 .10 .20 nsr1 veth1 --- ns2, table ip',
	real: null,
	later: '6.12 the same; a fix was sent on 1 May 2026',
	source: '<20260501122237.296262-15-pablo@netfilter.org>; mail 54618567984',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_vlan_pop',
			at: '__skb_pull(skb, VLAN_HLEN)',
		},
	],
	reading: 'stated',
	cannot: 'with a NIC: veth sums up nothing, so the experiment gives the received packet the checksum of one',
	run: (b, again) => {
		const measure = (tags: readonly (readonly [number, number])[], c = b): number => {
			c.setup({ family: 'ip', tags });
			c.open();
			let off = -1;
			c.on_wire = (skb, dev) => {
				if (dev === 'veth1' && skb.ip_summed === CHECKSUM_COMPLETE) off = error_of(skb);
			};
			const f = c.send('ns1 sends, summed up on arrival', 'ns1', 'eth0', c.orig, sum_up);
			c.is('the packet', f.path, 'fast');
			return off;
		};
		const two = measure([
			[Q, 10],
			[Q, 20],
		]);
		b.is('two tags: off by id and type of the inner tag, 0x0014 + 0x0800', two, 0x0814);
		const c = again();
		const one = measure([[Q, 10]], c);
		c.is('one tag, which the receive path took off: off by', one, 0);
		return `csum off by 0x${two.toString(16).padStart(4, '0')} (the tag 0x0014 0x0800); one tag: off by ${one}`;
	},
};
