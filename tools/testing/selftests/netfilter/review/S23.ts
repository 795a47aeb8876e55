// SPDX-License-Identifier: GPL-2.0-only
/*
 * S23: the destination that a packet came with is overwritten.
 */
import { htons } from '../../../../../include/linux/byteorder/generic.ts';
import { dst_hold, dst_release, skb_dst_set } from '../../../../../include/net/dst.ts';
import { ETH_P_IP } from '../../../../../include/uapi/linux/if_ether.ts';
import { __dev_get_by_name, netif_rx } from '../../../../../net/core/dev.ts';
import { __skb_pull, alloc_skb, skb_put_data } from '../../../../../net/core/skbuff.ts';
import { craft } from '../../lib/craft.ts';
import type { experiment } from './experiment.ts';

export const S23: experiment = {
	id: 'S23',
	shows: 'a packet that arrives with a destination: the flow sets its own over it, the reference is lost',
	topology: 'ns1 --- veth0 nsr1 veth1 --- ns2',
	real: null,
	later: '6.1 drops the old one first',
	source: 'code of 6.1',
	places: [
		{
			file: 'net/netfilter/nf_flow_table_ip.ts',
			fn: 'nf_flow_offload_ip_hook',
			at: 'skb_dst_set_noref(skb, rt)',
		},
	],
	reading: 'stated',
	cannot:
		'by a device: veth, VLAN devices and bridges deliver packets without a destination; the experiment hands one in as a tunnel with metadata does',
	run: (b) => {
		b.setup({});
		b.open();
		const dst = b.the_flow.tuplehash[0].tuple.dst_cache!;
		const before = dst.__refcnt;
		const data = craft(b.orig);
		const skb = alloc_skb(b.w.m, data.length);
		skb_put_data(skb, data);
		skb.dev = __dev_get_by_name(b.w.ns('nsr1'), 'veth0');
		skb.mac_header = skb.data;
		__skb_pull(skb, 14);
		skb.protocol = htons(ETH_P_IP);
		dst_hold(dst);
		skb_dst_set(skb, dst);
		b.look();
		netif_rx(skb);
		b.w.sleep(0.001);
		const out = b.look().filter((s) => s.out);
		b.is('the packet leaves by', out.map((s) => s.dev), ['veth1']);
		b.is('packets held', b.w.m.skb_count, 0);
		const lost = dst.__refcnt - before;
		b.is('references that nobody gives back', lost, 1);
		for (let i = 0; i < lost; i++) dst_release(dst);
		return `the packet is forwarded; ${lost} reference on its destination is never given back`;
	},
};
