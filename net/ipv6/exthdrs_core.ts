// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv6/exthdrs_core.c, base v5.10: walking the chain of extension headers.
 *
 * PORT: what C returns through pointers is in one object that the caller reuses; headers that are looked at
 * become linear, in place of copies on the stack. Truncated chains end with an error, whatever the bytes.
 * Not ported: ipv6_find_tlv() (mobile IPv6).
 */
import { get_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import { ipv6_authlen, ipv6_optlen, ipv6_transport_len } from '../../include/linux/ipv6.ts';
import { skb_transport_offset, type sk_buff } from '../../include/linux/skbuff.ts';
import {
	FRAG_HDR_frag_off,
	IP6_FH_F_AUTH,
	IP6_FH_F_FRAG,
	IP6_FH_F_SKIP_RH,
	NEXTHDR_AUTH,
	NEXTHDR_DEST,
	NEXTHDR_FRAGMENT,
	NEXTHDR_HOP,
	NEXTHDR_NONE,
	NEXTHDR_ROUTING,
	type exthdr_pos,
	type ipv6_find_hdr_pos,
} from '../../include/net/ipv6.ts';
import { EBADMSG, ENOENT } from '../../include/uapi/linux/errno.ts';
import {
	ICMP6HDR_LEN,
	ICMP6HDR_type,
	ICMPV6_MGM_QUERY,
	ICMPV6_MGM_REDUCTION,
	ICMPV6_MGM_REPORT,
	ICMPV6_MLD2_REPORT,
} from '../../include/uapi/linux/icmpv6.ts';
import { IPPROTO_ICMPV6 } from '../../include/uapi/linux/in.ts';
import {
	IPV6_OPT_HDR_LEN,
	IPV6_OPT_HDR_nexthdr,
	IPV6_RT_HDR_LEN,
	IPV6_RT_HDR_segments_left,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
} from '../../include/uapi/linux/ipv6.ts';
import { htons } from '../../include/linux/byteorder/generic.ts';
import { pskb_may_pull, skb_header_pointer_off } from '../core/skbuff.ts';

/**
 * Makes bytes of a listener message linear, if the IPv6 header says they are there.
 * @param len from data
 * @kernel PORT: inline of include/net/addrconf.h:209, include/ does not import net/
 */
export function ipv6_mc_may_pull(skb: sk_buff, len: number): boolean {
	if (skb_transport_offset(skb) + ipv6_transport_len(skb) < len) return false;
	return pskb_may_pull(skb, len);
}

/**
 * Tells whether a packet is a multicast listener message.
 * @param offset of the transport header, from the network header
 * @kernel PORT: inline of include/net/addrconf.h:248, include/ does not import net/
 */
export function ipv6_is_mld(skb: sk_buff, nexthdr: number, offset: number): boolean {
	if (nexthdr !== IPPROTO_ICMPV6) return false;
	const at = skb.network_header - skb.data + offset;
	if (!pskb_may_pull(skb, at + ICMP6HDR_LEN)) return false;
	switch (skb.head[skb.network_header + offset + ICMP6HDR_type]) {
		case ICMPV6_MGM_QUERY:
		case ICMPV6_MGM_REPORT:
		case ICMPV6_MGM_REDUCTION:
		case ICMPV6_MLD2_REPORT:
			return true;
	}
	return false;
}

/**
 * Tells whether a next header value announces an extension header.
 * @kernel net/ipv6/exthdrs_core.c:13 (v5.10)
 */
export function ipv6_ext_hdr(nexthdr: number): boolean {
	return (
		nexthdr === NEXTHDR_HOP ||
		nexthdr === NEXTHDR_ROUTING ||
		nexthdr === NEXTHDR_FRAGMENT ||
		nexthdr === NEXTHDR_AUTH ||
		nexthdr === NEXTHDR_NONE ||
		nexthdr === NEXTHDR_DEST
	);
}

/**
 * Skips extension headers.
 * @param start where the first stands, from data
 * @param pos nexthdr in and out; frag_off out: when it is not of the first fragment the walk ends there
 * @returns offset from data of the header found, -1 when the chain is broken or has no upper header
 * @kernel net/ipv6/exthdrs_core.c:72 (v5.10)
 */
export function ipv6_skip_exthdr(skb: sk_buff, start: number, pos: exthdr_pos): number {
	let nexthdr = pos.nexthdr;

	pos.frag_off = htons(0);

	while (ipv6_ext_hdr(nexthdr)) {
		let hdrlen: number;

		if (nexthdr === NEXTHDR_NONE) return -1;
		const hp = skb_header_pointer_off(skb, start, IPV6_OPT_HDR_LEN);
		if (hp < 0) return -1;
		if (nexthdr === NEXTHDR_FRAGMENT) {
			const fp = skb_header_pointer_off(skb, start + FRAG_HDR_frag_off, 2);
			if (fp < 0) return -1;

			pos.frag_off = get_unaligned_be16(skb.head, fp);
			if ((pos.frag_off & ~0x7) !== 0) break;
			hdrlen = 8;
		} else if (nexthdr === NEXTHDR_AUTH) hdrlen = ipv6_authlen(skb.head, hp);
		else hdrlen = ipv6_optlen(skb.head, hp);

		nexthdr = skb.head[hp + IPV6_OPT_HDR_nexthdr];
		start += hdrlen;
	}

	pos.nexthdr = nexthdr;
	return start;
}

/**
 * Finds a header in the chain.
 * @param pos offset in (0, or of an inner IPv6 header) and out, both from data; fragoff out, in bytes; flags
 * IP6_FH_F_* in and out
 * @param target next header value, -1 for the first that is no extension header
 * @returns value of the header found, -ENOENT, -EBADMSG for a broken chain
 * @kernel net/ipv6/exthdrs_core.c:186 (v5.10)
 */
export function ipv6_find_hdr(skb: sk_buff, pos: ipv6_find_hdr_pos, target: number): number {
	let start = skb.network_header - skb.data + IPV6HDR_LEN;
	let nexthdr = skb.head[skb.network_header + IPV6HDR_nexthdr];
	let found: boolean;

	pos.fragoff = 0;

	if (pos.offset !== 0) {
		const ip6 = skb_header_pointer_off(skb, pos.offset, IPV6HDR_LEN);
		if (ip6 < 0 || skb.head[ip6] >> 4 !== 6) return -EBADMSG;

		start = pos.offset + IPV6HDR_LEN;
		nexthdr = skb.head[ip6 + IPV6HDR_nexthdr];
	}

	do {
		let hdrlen: number;
		found = nexthdr === target;

		if (!ipv6_ext_hdr(nexthdr) || nexthdr === NEXTHDR_NONE) {
			if (target < 0 || found) break;
			return -ENOENT;
		}

		const hp = skb_header_pointer_off(skb, start, IPV6_OPT_HDR_LEN);
		if (hp < 0) return -EBADMSG;

		if (nexthdr === NEXTHDR_ROUTING) {
			const rh = skb_header_pointer_off(skb, start, IPV6_RT_HDR_LEN);
			if (rh < 0) return -EBADMSG;

			if (
				(pos.flags & IP6_FH_F_SKIP_RH) !== 0 &&
				skb.head[rh + IPV6_RT_HDR_segments_left] === 0
			)
				found = false;
		}

		if (nexthdr === NEXTHDR_FRAGMENT) {
			pos.flags |= IP6_FH_F_FRAG;
			const fp = skb_header_pointer_off(skb, start + FRAG_HDR_frag_off, 2);
			if (fp < 0) return -EBADMSG;

			const frag_off = get_unaligned_be16(skb.head, fp) & ~0x7;
			if (frag_off !== 0) {
				const next = skb.head[hp + IPV6_OPT_HDR_nexthdr];
				if (target < 0 && (!ipv6_ext_hdr(next) || next === NEXTHDR_NONE)) {
					pos.fragoff = frag_off;
					return next;
				}
				if (!found) return -ENOENT;
				pos.fragoff = frag_off;
				break;
			}
			hdrlen = 8;
		} else if (nexthdr === NEXTHDR_AUTH) {
			if ((pos.flags & IP6_FH_F_AUTH) !== 0 && target < 0) break;
			hdrlen = ipv6_authlen(skb.head, hp);
		} else {
			hdrlen = ipv6_optlen(skb.head, hp);
		}

		if (!found) {
			nexthdr = skb.head[hp + IPV6_OPT_HDR_nexthdr];
			start += hdrlen;
		}
	} while (!found);

	pos.offset = start;
	return nexthdr;
}
