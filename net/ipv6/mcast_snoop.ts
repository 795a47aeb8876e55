// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv6/mcast_snoop.c, base v5.10: the check of listener messages that bridges snoop.
 */
import { get_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import { ipv6_transport_len } from '../../include/linux/ipv6.ts';
import {
	type sk_buff,
	skb_network_offset,
	skb_transport_offset,
} from '../../include/linux/skbuff.ts';
import { ipv6_addr_is_ll_all_nodes } from '../../include/net/addrconf.ts';
import { exthdr_pos, ipv6_addr_any, IPV6_ADDR_LINKLOCAL, ipv6_addr_type } from '../../include/net/ipv6.ts';
import { MLD2_QUERY_LEN, MLD2_REPORT_LEN, MLD_MSG_LEN, MLD_MSG_mca } from '../../include/net/mld.ts';
import { EINVAL, ENOMSG } from '../../include/uapi/linux/errno.ts';
import {
	ICMP6HDR_LEN,
	ICMP6HDR_type,
	ICMPV6_MGM_QUERY,
	ICMPV6_MGM_REDUCTION,
	ICMPV6_MGM_REPORT,
	ICMPV6_MLD2_REPORT,
} from '../../include/uapi/linux/icmpv6.ts';
import { IPPROTO_HOPOPTS, IPPROTO_ICMPV6 } from '../../include/uapi/linux/in.ts';
import {
	IPV6HDR_daddr,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_payload_len,
	IPV6HDR_saddr,
} from '../../include/uapi/linux/ipv6.ts';
import { kfree_skb, pskb_may_pull, skb_checksum_trimmed } from '../core/skbuff.ts';
import { ipv6_skip_exthdr } from './exthdrs_core.ts';
import { __skb_checksum_validate_ip6 } from './ip6_checksum.ts';

/**
 * Pulls bytes, no more than the IPv6 packet has.
 * @param len bytes from data on
 * @returns whether they are there
 * @kernel PORT: inline of include/net/addrconf.h:209, include/ does not import net/
 */
export function ipv6_mc_may_pull(skb: sk_buff, len: number): boolean {
	if (skb_transport_offset(skb) + ipv6_transport_len(skb) < len) return false;
	return pskb_may_pull(skb, len);
}

/**
 * Checks an IPv6 header.
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/mcast_snoop.c:14 (v5.10)
 */
function ipv6_mc_check_ip6hdr(skb: sk_buff): number {
	const offset = skb_network_offset(skb) + IPV6HDR_LEN;
	if (!pskb_may_pull(skb, offset)) return -EINVAL;

	if (skb.head[skb.network_header] >> 4 !== 6) return -EINVAL;

	const len = offset + get_unaligned_be16(skb.head, skb.network_header + IPV6HDR_payload_len);
	if (skb.len < len || len <= offset) return -EINVAL;

	skb.transport_header = skb.data + offset;
	return 0;
}

/**
 * Finds the ICMPv6 header behind hop-by-hop options, which listener messages have.
 * @returns 0, -EINVAL, -ENOMSG
 * @kernel net/ipv6/mcast_snoop.c:37 (v5.10)
 */
function ipv6_mc_check_exthdrs(skb: sk_buff): number {
	const nexthdr = skb.head[skb.network_header + IPV6HDR_nexthdr];
	if (nexthdr !== IPPROTO_HOPOPTS) return -ENOMSG;

	const pos = new exthdr_pos();
	pos.nexthdr = nexthdr;
	const offset = ipv6_skip_exthdr(skb, skb_network_offset(skb) + IPV6HDR_LEN, pos);
	if (offset < 0) return -EINVAL;
	if (pos.nexthdr !== IPPROTO_ICMPV6) return -ENOMSG;

	skb.transport_header = skb.data + offset;
	return 0;
}

/**
 * Checks a report of version 2.
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/mcast_snoop.c:64 (v5.10)
 */
function ipv6_mc_check_mld_reportv2(skb: sk_buff): number {
	return ipv6_mc_may_pull(skb, skb_transport_offset(skb) + MLD2_REPORT_LEN) ? 0 : -EINVAL;
}

/**
 * Checks a query: from the link, of a length that a version has, a general one to all nodes.
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/mcast_snoop.c:73 (v5.10)
 */
function ipv6_mc_check_mld_query(skb: sk_buff): number {
	const transport_len = ipv6_transport_len(skb);
	if (
		(ipv6_addr_type(skb.head, skb.network_header + IPV6HDR_saddr) & IPV6_ADDR_LINKLOCAL) ===
		0
	)
		return -EINVAL;

	if (transport_len !== MLD_MSG_LEN) {
		if (transport_len < MLD2_QUERY_LEN) return -EINVAL;
		if (!ipv6_mc_may_pull(skb, skb_transport_offset(skb) + MLD2_QUERY_LEN)) return -EINVAL;
	}

	if (
		ipv6_addr_any(skb.head, skb.transport_header + MLD_MSG_mca) &&
		!ipv6_addr_is_ll_all_nodes(skb.head, skb.network_header + IPV6HDR_daddr)
	)
		return -EINVAL;
	return 0;
}

/**
 * Checks a message by its type.
 * @returns 0, -EINVAL, -ENOMSG for a type that is none of listeners
 * @kernel net/ipv6/mcast_snoop.c:106 (v5.10)
 */
function ipv6_mc_check_mld_msg(skb: sk_buff): number {
	if (!ipv6_mc_may_pull(skb, skb_transport_offset(skb) + MLD_MSG_LEN)) return -EINVAL;

	switch (skb.head[skb.transport_header + ICMP6HDR_type]) {
		case ICMPV6_MGM_REDUCTION:
		case ICMPV6_MGM_REPORT:
			return 0;
		case ICMPV6_MLD2_REPORT:
			return ipv6_mc_check_mld_reportv2(skb);
		case ICMPV6_MGM_QUERY:
			return ipv6_mc_check_mld_query(skb);
		default:
			return -ENOMSG;
	}
}

/**
 * Checks the checksum of a message.
 * @param skb data at the message
 * @returns 0 when right
 * @kernel net/ipv6/mcast_snoop.c:129 (v5.10)
 */
function ipv6_mc_validate_checksum(skb: sk_buff): number {
	return __skb_checksum_validate_ip6(skb, IPPROTO_ICMPV6, true, false, 0);
}

/**
 * Checks length and checksum of an ICMPv6 message.
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/mcast_snoop.c:134 (v5.10)
 */
export function ipv6_mc_check_icmpv6(skb: sk_buff): number {
	if (!ipv6_mc_may_pull(skb, skb_transport_offset(skb) + ICMP6HDR_LEN)) return -EINVAL;

	const skb_chk = skb_checksum_trimmed(skb, ipv6_transport_len(skb), ipv6_mc_validate_checksum);
	if (skb_chk === null) return -EINVAL;

	if (skb_chk !== skb) kfree_skb(skb_chk);
	return 0;
}

/**
 * Tells whether a packet is a sane listener message, and finds its header.
 * @param skb its network header is set; stays the caller's
 * @returns 0; -EINVAL for a broken packet; -ENOMSG for one that is no listener message
 * @kernel net/ipv6/mcast_snoop.c:170 (v5.10)
 */
export function ipv6_mc_check_mld(skb: sk_buff): number {
	let ret = ipv6_mc_check_ip6hdr(skb);
	if (ret < 0) return ret;

	ret = ipv6_mc_check_exthdrs(skb);
	if (ret < 0) return ret;

	ret = ipv6_mc_check_icmpv6(skb);
	if (ret < 0) return ret;

	return ipv6_mc_check_mld_msg(skb);
}
