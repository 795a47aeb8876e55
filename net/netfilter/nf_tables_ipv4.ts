// SPDX-License-Identifier: GPL-2.0
/*
 * PORT: the inlines of include/net/netfilter/nf_tables_ipv4.h, base v5.10, which need net/core/skbuff.ts;
 * include/ does not import net/.
 *
 * Where the transport header of an IPv4 packet is.
 */
import { ip_hdr } from '../../include/linux/ip.ts';
import { skb_network_offset } from '../../include/linux/skbuff.ts';
import { IP_OFFSET, ip_hdrlen } from '../../include/net/ip.ts';
import { nft_net, type nft_pktinfo, nft_set_pktinfo_unspec } from '../../include/net/netfilter/nf_tables.ts';
import { IP_INC_STATS } from '../../include/net/snmp.ts';
import {
	IPHDR_LEN,
	IPHDR_frag_off,
	IPHDR_protocol,
	IPHDR_tot_len,
} from '../../include/uapi/linux/ip.ts';
import { IPSTATS_MIB_INHDRERRORS, IPSTATS_MIB_INTRUNCATEDPKTS } from '../../include/uapi/linux/snmp.ts';
import { pskb_may_pull, skb_header_pointer_off } from '../core/skbuff.ts';

/**
 * Notes the transport protocol of a packet whose IPv4 header has been checked.
 * @kernel include/net/netfilter/nf_tables_ipv4.h:8 (v5.10)
 */
export function nft_set_pktinfo_ipv4(pkt: nft_pktinfo): void {
	const skb = pkt.skb;
	const ip = ip_hdr(skb);
	pkt.tprot_set = true;
	pkt.tprot = skb.head[ip + IPHDR_protocol];
	pkt.xt.thoff = ip_hdrlen(skb);
	pkt.xt.fragoff = skb.view.getUint16(ip + IPHDR_frag_off) & IP_OFFSET;
}

/**
 * Checks an IPv4 header and notes the transport protocol.
 * @returns 0, -1 when the header is broken or truncated
 * @kernel include/net/netfilter/nf_tables_ipv4.h:20 (v5.10)
 */
function __nft_set_pktinfo_ipv4_validate(pkt: nft_pktinfo): number {
	const skb = pkt.skb;
	const iph = skb_header_pointer_off(skb, skb_network_offset(skb), IPHDR_LEN);
	if (iph < 0) return -1;

	const vihl = skb.head[iph];
	if ((vihl & 0xf) < 5 || vihl >> 4 !== 4) return -1;

	const len = skb.view.getUint16(iph + IPHDR_tot_len);
	const thoff = (vihl & 0xf) * 4;
	if (skb.len < len) return -1;
	else if (len < thoff) return -1;

	pkt.tprot_set = true;
	pkt.tprot = skb.head[iph + IPHDR_protocol];
	pkt.xt.thoff = thoff;
	pkt.xt.fragoff = skb.view.getUint16(iph + IPHDR_frag_off) & IP_OFFSET;
	return 0;
}

/**
 * Checks an IPv4 header and notes the transport protocol, unknown when the header is broken.
 * @kernel include/net/netfilter/nf_tables_ipv4.h:49 (v5.10)
 */
export function nft_set_pktinfo_ipv4_validate(pkt: nft_pktinfo): void {
	if (__nft_set_pktinfo_ipv4_validate(pkt) < 0) nft_set_pktinfo_unspec(pkt);
}

/**
 * Checks the IPv4 header of a packet that just came in and notes the transport protocol.
 * @returns 0, -1 when the packet has to be dropped
 * @kernel include/net/netfilter/nf_tables_ipv4.h:56 (v5.10)
 */
export function nft_set_pktinfo_ipv4_ingress(pkt: nft_pktinfo): number {
	const skb = pkt.skb;
	if (!pskb_may_pull(skb, IPHDR_LEN)) return -1;

	inhdr_error: {
		const iph = ip_hdr(skb);
		const vihl = skb.head[iph];
		if ((vihl & 0xf) < 5 || vihl >> 4 !== 4) break inhdr_error;

		const len = skb.view.getUint16(iph + IPHDR_tot_len);
		const thoff = (vihl & 0xf) * 4;
		if (skb.len < len) {
			IP_INC_STATS(nft_net(pkt), IPSTATS_MIB_INTRUNCATEDPKTS);
			return -1;
		} else if (len < thoff) break inhdr_error;

		pkt.tprot_set = true;
		pkt.tprot = skb.head[iph + IPHDR_protocol];
		pkt.xt.thoff = thoff;
		pkt.xt.fragoff = skb.view.getUint16(iph + IPHDR_frag_off) & IP_OFFSET;
		return 0;
	}
	IP_INC_STATS(nft_net(pkt), IPSTATS_MIB_INHDRERRORS);
	return -1;
}
