// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv4/xfrm4_input.c with net/ipv4/xfrm4_protocol.c, base v5.10: ESP packets from the IPv4 layer, and back to it.
 *
 * Not ported: ESP in UDP, handlers of tunnel devices.
 */
import { put_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import { ip_daddr, ip_saddr } from '../../include/linux/ip.ts';
import { NET_RX_DROP } from '../../include/linux/netdevice.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { dst_input } from '../../include/net/dst.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { sock } from '../../include/net/sock.ts';
import { IPHDR_protocol, IPHDR_tos, IPHDR_tot_len } from '../../include/uapi/linux/ip.ts';
import { NF_INET_PRE_ROUTING, NFPROTO_IPV4 } from '../../include/uapi/linux/netfilter.ts';
import { __skb_push, kfree_skb } from '../core/skbuff.ts';
import { NF_HOOK } from '../netfilter/core.ts';
import { ip_send_check } from './ip_output.ts';
import { ip_route_input_noref } from './route.ts';

/**
 * Routes a packet whose transport-mode transform is undone and that has passed the hooks again.
 * @kernel net/ipv4/xfrm4_input.c:27 (v5.10)
 */
function xfrm4_rcv_encap_finish(_net: net, _sk: sock | null, skb: sk_buff): number {
	if (
		skb._dst === null &&
		ip_route_input_noref(
			skb,
			ip_daddr(skb),
			ip_saddr(skb),
			skb.head[skb.network_header + IPHDR_tos],
			skb.dev!,
		) !== 0
	) {
		kfree_skb(skb);
		return NET_RX_DROP;
	}
	return dst_input(skb);
}

/**
 * Hands a packet back to the hooks once its transport-mode transform is undone.
 * @param protocol what is inside
 * @returns 0
 * @kernel net/ipv4/xfrm4_input.c:47 (v5.10)
 */
export function xfrm4_transport_finish(skb: sk_buff, protocol: number): number {
	const iph = skb.network_header;
	skb.head[iph + IPHDR_protocol] = protocol;
	__skb_push(skb, skb.data - iph);
	put_unaligned_be16(skb.len, skb.head, iph + IPHDR_tot_len);
	ip_send_check(skb.view, iph);
	NF_HOOK(
		NFPROTO_IPV4,
		NF_INET_PRE_ROUTING,
		skb.dev!.nd_net,
		null,
		skb,
		skb.dev,
		null,
		xfrm4_rcv_encap_finish,
	);
	return 0;
}
