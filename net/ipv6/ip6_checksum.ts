// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv6/ip6_checksum.c, base v5.10: checksums of datagrams.
 *
 * PORT: csum_ipv6_magic() is in include/net/checksum.ts.
 * PORT: __skb_checksum_validate_ip6() is __skb_checksum_validate() for one family.
 * Not ported: UDP-Lite, udp6_set_csum() (tunnels).
 */
import { get_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import {
	CHECKSUM_COMPLETE,
	CHECKSUM_NONE,
	CHECKSUM_UNNECESSARY,
	skb_csum_unnecessary,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import { csum_add, csum_fold } from '../../include/net/checksum.ts';
import { ip6_compute_pseudo } from '../../include/net/ip6_checksum.ts';
import { UDPHDR_check } from '../../include/uapi/linux/udp.ts';
import { __skb_checksum_complete } from '../core/skbuff.ts';

/** Packets up to this size are summed at once. */
const CHECKSUM_BREAK = 76;

/**
 * Checks a packet's checksum over its IPv6 pseudo header, or prepares for a later check.
 * @param proto upper protocol
 * @param complete check now, however long the packet is
 * @param zero_okay a checksum field of 0 means none
 * @param check the checksum field
 * @returns 0 when right or still to be checked
 * @kernel include/linux/skbuff.h:4017 (v5.10)
 */
export function __skb_checksum_validate_ip6(
	skb: sk_buff,
	proto: number,
	complete: boolean,
	zero_okay: boolean,
	check: number,
): number {
	skb.csum_valid = false;
	if (skb_csum_unnecessary(skb) || (zero_okay && check === 0)) {
		skb.csum_valid = true;
		if (skb.ip_summed === CHECKSUM_UNNECESSARY) {
			if (skb.csum_level === 0) skb.ip_summed = CHECKSUM_NONE;
			else skb.csum_level--;
		}
		return 0;
	}

	const psum = ip6_compute_pseudo(skb, proto);
	if (skb.ip_summed === CHECKSUM_COMPLETE) {
		if (csum_fold(csum_add(psum, skb.csum)) === 0) {
			skb.csum_valid = true;
			return 0;
		}
	}

	skb.csum = psum;

	if (complete || skb.len <= CHECKSUM_BREAK) {
		const csum = __skb_checksum_complete(skb);
		skb.csum_valid = csum === 0;
		return csum;
	}
	return 0;
}

/**
 * Prepares or does the check of a received datagram's checksum; none is an error that comes later.
 * @param uh offset of the UDP header in skb.head
 * @param proto IPPROTO_UDP
 * @returns 0, or nonzero for a wrong checksum
 * @kernel net/ipv6/ip6_checksum.c:65 (v5.10)
 */
export function udp6_csum_init(skb: sk_buff, uh: number, proto: number): number {
	const check = get_unaligned_be16(skb.head, uh + UDPHDR_check);

	/* UDP_SKB_CB(skb)->cscov */
	skb.cb0 = skb.len;
	const err = __skb_checksum_validate_ip6(skb, proto, false, true, check);
	if (err !== 0) return err;

	if (skb.ip_summed === CHECKSUM_COMPLETE && !skb.csum_valid) {
		if (skb.csum_complete_sw) return 1;
		skb.ip_summed = CHECKSUM_NONE;
	}
	return 0;
}
