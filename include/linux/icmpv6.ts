/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/icmpv6.h, base v5.10.
 *
 * PORT: icmpv6_send() reaches icmp6_send() by the sender that net/ipv6/icmp.ts registers with
 * inet6_register_icmp_sender() (net/ipv6/ip6_icmp.ts), as the C does when IPv6 is a module.
 */
import type { sk_buff } from './skbuff.ts';
import type { in6_addr } from './types.ts';
import {
	ICMPV6_DEST_UNREACH,
	ICMPV6_PARAMPROB,
	ICMPV6_PKT_TOOBIG,
	ICMPV6_TIME_EXCEED,
} from '../uapi/linux/icmpv6.ts';

export type ip6_icmp_send_t = (
	skb: sk_buff,
	type: number,
	code: number,
	info: number,
	force_saddr: in6_addr | null,
) => void;

/**
 * Offset of the ICMPv6 header in skb.head.
 * @kernel include/linux/icmpv6.h:8 (v5.10)
 */
export function icmp6_hdr(skb: sk_buff): number {
	return skb.transport_header;
}

/**
 * Tells whether a message type is an error.
 * @kernel include/linux/icmpv6.h:80 (v5.10)
 */
export function icmpv6_is_err(type: number): boolean {
	switch (type) {
		case ICMPV6_DEST_UNREACH:
		case ICMPV6_PKT_TOOBIG:
		case ICMPV6_TIME_EXCEED:
		case ICMPV6_PARAMPROB:
			return true;
	}
	return false;
}
