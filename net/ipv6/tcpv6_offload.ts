// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/tcpv6_offload.c, base v5.10: cutting large TCP packets over IPv6 into segments.
 *
 * Not ported: receive offload (GRO), for no driver of this world joins packets.
 */
import type { net_offload } from '../../include/net/protocol.ts';
import { put_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import type { Machine } from '../../include/linux/machine.ts';
import {
	CHECKSUM_PARTIAL,
	type sk_buff,
	SKB_GSO_TCPV6,
	skb_shinfo,
} from '../../include/linux/skbuff.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import { IPPROTO_TCP } from '../../include/uapi/linux/in.ts';
import { TCPHDR_check, TCPHDR_LEN } from '../../include/uapi/linux/tcp.ts';
import { pskb_may_pull } from '../core/skbuff.ts';
import { __tcp_v6_send_check } from '../../include/net/ip6_checksum.ts';
import { IPV6HDR_daddr, IPV6HDR_saddr } from '../../include/uapi/linux/ipv6.ts';
import { inet6_add_offload } from './protocol.ts';
import { tcp_gso_segment } from '../ipv4/tcp_offload.ts';

/**
 * Cuts a large packet.
 * @returns the first segment, null when the device does it, or -EINVAL
 * @kernel net/ipv6/tcpv6_offload.c:41 (v5.10)
 */
function tcp6_gso_segment(skb: sk_buff, features: number): sk_buff | null | number {
	if ((skb_shinfo(skb).gso_type & SKB_GSO_TCPV6) === 0) return -EINVAL;

	if (!pskb_may_pull(skb, TCPHDR_LEN)) return -EINVAL;

	if (skb.ip_summed !== CHECKSUM_PARTIAL) {
		const iph = skb.network_header;

		put_unaligned_be16(0, skb.head, skb.transport_header + TCPHDR_check);
		skb.ip_summed = CHECKSUM_PARTIAL;
		__tcp_v6_send_check(
			skb,
			skb.head,
			iph + IPV6HDR_saddr,
			skb.head,
			iph + IPV6HDR_daddr,
		);
	}

	return tcp_gso_segment(skb, features);
}

const tcpv6_offload: net_offload = {
	gso_segment: tcp6_gso_segment,
	flags: 0,
};

/**
 * Lets large packets over IPv6 be cut; returns 0 or a negative errno.
 * @kernel net/ipv6/tcpv6_offload.c:75 (v5.10)
 */
export function tcpv6_offload_init(m: Machine): number {
	return inet6_add_offload(m, tcpv6_offload, IPPROTO_TCP);
}
