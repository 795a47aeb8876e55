// SPDX-License-Identifier: GPL-2.0
/*
 * PORT: the inlines of include/net/netfilter/nf_tables_ipv6.h, base v5.10, which need ipv6_find_hdr() of
 * net/ipv6/exthdrs_core.ts; include/ does not import net/.
 *
 * Where the transport header of an IPv6 packet is.
 */
import { get_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import { ipv6_hdr } from '../../include/linux/ipv6.ts';
import { machine_var } from '../../include/linux/machine.ts';
import { skb_network_offset } from '../../include/linux/skbuff.ts';
import { __in6_dev_get } from '../../include/net/addrconf.ts';
import { IP6_FH_F_AUTH, ipv6_find_hdr_pos } from '../../include/net/ipv6.ts';
import {
	nft_in,
	nft_net,
	type nft_pktinfo,
	nft_set_pktinfo_unspec,
} from '../../include/net/netfilter/nf_tables.ts';
import { IP6_INC_STATS } from '../../include/net/snmp.ts';
import { IPV6HDR_LEN, IPV6HDR_payload_len } from '../../include/uapi/linux/ipv6.ts';
import { IPSTATS_MIB_INHDRERRORS, IPSTATS_MIB_INTRUNCATEDPKTS } from '../../include/uapi/linux/snmp.ts';
import { pskb_may_pull, skb_header_pointer_off } from '../core/skbuff.ts';
import { ipv6_find_hdr } from '../ipv6/exthdrs_core.ts';

/** Where ipv6_find_hdr() writes; on the stack in C. */
const find_hdr_pos = machine_var(() => new ipv6_find_hdr_pos());

/**
 * Finds the transport header and notes it.
 * @returns 0, -1 when the chain of headers is broken
 * @kernel PORT: common part of the functions below
 */
function nft_find_transport(pkt: nft_pktinfo): number {
	const skb = pkt.skb;
	const pos = find_hdr_pos.of(skb.machine);
	pos.offset = 0;
	pos.fragoff = 0;
	pos.flags = IP6_FH_F_AUTH;

	const protohdr = ipv6_find_hdr(skb, pos, -1);
	if (protohdr < 0) return -1;

	pkt.tprot_set = true;
	pkt.tprot = protohdr;
	pkt.xt.thoff = pos.offset;
	pkt.xt.fragoff = pos.fragoff;
	return 0;
}

/**
 * Notes the transport protocol of a packet whose IPv6 header has been checked.
 * @kernel include/net/netfilter/nf_tables_ipv6.h:9 (v5.10)
 */
export function nft_set_pktinfo_ipv6(pkt: nft_pktinfo): void {
	if (nft_find_transport(pkt) < 0) nft_set_pktinfo_unspec(pkt);
}

/**
 * Checks an IPv6 header and notes the transport protocol.
 * @returns 0, -1 when a header is broken or truncated
 * @kernel include/net/netfilter/nf_tables_ipv6.h:28 (v5.10)
 */
function __nft_set_pktinfo_ipv6_validate(pkt: nft_pktinfo): number {
	const skb = pkt.skb;
	const ip6h = skb_header_pointer_off(skb, skb_network_offset(skb), IPV6HDR_LEN);
	if (ip6h < 0) return -1;

	if (skb.head[ip6h] >> 4 !== 6) return -1;

	const pkt_len = get_unaligned_be16(skb.head, ip6h + IPV6HDR_payload_len);
	if (pkt_len + IPV6HDR_LEN > skb.len) return -1;

	return nft_find_transport(pkt);
}

/**
 * Checks an IPv6 header and notes the transport protocol, unknown when a header is broken.
 * @kernel include/net/netfilter/nf_tables_ipv6.h:66 (v5.10)
 */
export function nft_set_pktinfo_ipv6_validate(pkt: nft_pktinfo): void {
	if (__nft_set_pktinfo_ipv6_validate(pkt) < 0) nft_set_pktinfo_unspec(pkt);
}

/**
 * Checks the IPv6 header of a packet that just came in and notes the transport protocol.
 * @returns 0, -1 when the packet has to be dropped
 * @kernel include/net/netfilter/nf_tables_ipv6.h:73 (v5.10)
 */
export function nft_set_pktinfo_ipv6_ingress(pkt: nft_pktinfo): number {
	const skb = pkt.skb;
	if (!pskb_may_pull(skb, IPV6HDR_LEN)) return -1;

	inhdr_error: {
		const ip6h = ipv6_hdr(skb);
		if (skb.head[ip6h] >> 4 !== 6) break inhdr_error;

		const pkt_len = get_unaligned_be16(skb.head, ip6h + IPV6HDR_payload_len);
		if (pkt_len + IPV6HDR_LEN > skb.len) {
			IP6_INC_STATS(nft_net(pkt), __in6_dev_get(nft_in(pkt)!), IPSTATS_MIB_INTRUNCATEDPKTS);
			return -1;
		}

		if (nft_find_transport(pkt) < 0) break inhdr_error;
		return 0;
	}
	IP6_INC_STATS(nft_net(pkt), __in6_dev_get(nft_in(pkt)!), IPSTATS_MIB_INHDRERRORS);
	return -1;
}
