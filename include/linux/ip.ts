/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/linux/ip.h, base v5.10: fields of the IPv4 header of a packet.
 *
 * PORT: ip_hdr() is an offset into `skb.head`; the readers below take the packet.
 */
import type { __be32 } from './types.ts';
import type { sk_buff } from './skbuff.ts';
import { IPHDR_daddr, IPHDR_saddr, IPHDR_tot_len } from '../uapi/linux/ip.ts';

/**
 * Offset of the IPv4 header in `skb.head`.
 * @kernel include/linux/ip.h:19 (v5.10)
 */
export function ip_hdr(skb: sk_buff): number {
	return skb.network_header;
}

/**
 * Source address of a packet.
 * @kernel PORT: ip_hdr(skb)->saddr
 */
export function ip_saddr(skb: sk_buff): __be32 {
	return skb.view.getUint32(skb.network_header + IPHDR_saddr) as __be32;
}

/**
 * Destination address of a packet.
 * @kernel PORT: ip_hdr(skb)->daddr
 */
export function ip_daddr(skb: sk_buff): __be32 {
	return skb.view.getUint32(skb.network_header + IPHDR_daddr) as __be32;
}

/**
 * Total length of a packet as its header says, bytes.
 * @kernel PORT: ntohs(ip_hdr(skb)->tot_len)
 */
export function ip_tot_len(skb: sk_buff): number {
	return skb.view.getUint16(skb.network_header + IPHDR_tot_len);
}
