/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/ip6_checksum.h, base v5.10: checksums with the IPv6 pseudo header.
 *
 * PORT: addresses may stand inside a packet, so each comes with its offset. csum_ipv6_magic() is in
 * include/net/checksum.ts.
 */
import type { sk_buff } from '../linux/skbuff.ts';
import { CHECKSUM_PARTIAL } from '../linux/skbuff.ts';
import { csum_ipv6_magic, csum_partial } from './checksum.ts';
import { IPPROTO_TCP, IPPROTO_UDP } from '../uapi/linux/in.ts';
import { IPV6HDR_daddr, IPV6HDR_saddr } from '../uapi/linux/ipv6.ts';
import { put_unaligned_be16 } from '../linux/byteorder/generic.ts';

/* struct tcphdr, so that this header does not need the TCP part */
const TCPHDR_doff_byte = 12;
const TCPHDR_check_off = 16;

/**
 * Start value for the checksum of what follows the IPv6 header at data.
 * @param proto upper protocol
 * @kernel include/net/ip6_checksum.h:39 (v5.10)
 */
export function ip6_compute_pseudo(skb: sk_buff, proto: number): number {
	const h = skb.network_header;
	return (
		~csum_ipv6_magic(
			skb.head,
			h + IPV6HDR_saddr,
			skb.head,
			h + IPV6HDR_daddr,
			skb.len,
			proto,
			0,
		) >>> 0
	);
}

/**
 * Checksum of a TCP segment over IPv6.
 * @param len of the segment
 * @param base sum of the segment
 * @kernel include/net/ip6_checksum.h:54 (v5.10)
 */
export function tcp_v6_check(
	len: number,
	saddr: Uint8Array,
	soff: number,
	daddr: Uint8Array,
	doff: number,
	base: number,
): number {
	return csum_ipv6_magic(saddr, soff, daddr, doff, len, IPPROTO_TCP, base);
}

/**
 * Fills in, or prepares for completion, the checksum of an outgoing TCP segment.
 * @kernel include/net/ip6_checksum.h:62 (v5.10)
 */
export function __tcp_v6_send_check(
	skb: sk_buff,
	saddr: Uint8Array,
	soff: number,
	daddr: Uint8Array,
	doff: number,
): void {
	const th = skb.transport_header;
	const check = th + TCPHDR_check_off;
	if (skb.ip_summed === CHECKSUM_PARTIAL) {
		put_unaligned_be16(
			~tcp_v6_check(skb.len, saddr, soff, daddr, doff, 0) & 0xffff,
			skb.head,
			check,
		);
		skb.csum_start = th;
		skb.csum_offset = TCPHDR_check_off;
	} else {
		const hlen = (skb.head[th + TCPHDR_doff_byte] >> 4) << 2;
		put_unaligned_be16(
			tcp_v6_check(
				skb.len,
				saddr,
				soff,
				daddr,
				doff,
				csum_partial(skb.head, th, hlen, skb.csum),
			),
			skb.head,
			check,
		);
	}
}

/**
 * Checksum of a UDP datagram over IPv6.
 * @param len of the datagram
 * @param base sum of the datagram
 * @kernel include/net/ip6_checksum.h:88 (v5.10)
 */
export function udp_v6_check(
	len: number,
	saddr: Uint8Array,
	soff: number,
	daddr: Uint8Array,
	doff: number,
	base: number,
): number {
	return csum_ipv6_magic(saddr, soff, daddr, doff, len, IPPROTO_UDP, base);
}
