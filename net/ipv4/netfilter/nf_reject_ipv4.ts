// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/netfilter/nf_reject_ipv4.c, base v5.10: answers to packets that a rule rejects: a TCP reset or an
 * ICMP error.
 *
 * PORT: a header is given as its offset in skb.head.
 * Not ported: packets of bridges that call the IP hooks (br_netfilter is absent).
 */
import type { net } from '../../../include/net/net_namespace.ts';
import type { sk_buff } from '../../../include/linux/skbuff.ts';
import {
	CHECKSUM_PARTIAL,
	skb_csum_unnecessary,
	skb_reserve,
	skb_reset_network_header,
	skb_set_transport_header,
} from '../../../include/linux/skbuff.ts';
import { LL_MAX_HEADER } from '../../../include/linux/netdevice.ts';
import { IS_ERR } from '../../../include/linux/err.ts';
import { ip_hdr } from '../../../include/linux/ip.ts';
import {
	get_unaligned_be16,
	get_unaligned_be32,
	put_unaligned_be16,
	put_unaligned_be32,
} from '../../../include/linux/byteorder/generic.ts';
import { csum_tcpudp_magic } from '../../../include/net/checksum.ts';
import { dst_mtu, skb_dst_set, skb_dst_set_noref } from '../../../include/net/dst.ts';
import { flowi4 } from '../../../include/net/flow.ts';
import { icmp_send } from '../../../include/net/icmp.ts';
import { IP4_REPLY_MARK, IP_DF, ip_hdrlen, IP_OFFSET } from '../../../include/net/ip.ts';
import { RTCF_BROADCAST, RTCF_MULTICAST, type rtable } from '../../../include/net/route.ts';
import { ETH_P_IP } from '../../../include/uapi/linux/if_ether.ts';
import { ICMP_DEST_UNREACH } from '../../../include/uapi/linux/icmp.ts';
import { IPPROTO_TCP } from '../../../include/uapi/linux/in.ts';
import {
	IPHDR_daddr,
	IPHDR_frag_off,
	IPHDR_LEN,
	IPHDR_protocol,
	IPHDR_saddr,
	IPHDR_ttl,
} from '../../../include/uapi/linux/ip.ts';
import { NF_INET_PRE_ROUTING } from '../../../include/uapi/linux/netfilter.ts';
import { RTN_UNSPEC } from '../../../include/uapi/linux/rtnetlink.ts';
import {
	TCPHDR_ACK,
	TCPHDR_ack_seq,
	TCPHDR_check,
	TCPHDR_dest,
	TCPHDR_doff,
	TCPHDR_FIN,
	TCPHDR_flags,
	TCPHDR_LEN,
	TCPHDR_RST,
	TCPHDR_seq,
	TCPHDR_source,
	TCPHDR_SYN,
} from '../../../include/uapi/linux/tcp.ts';
import { nf_reject_verify_csum } from '../../../include/net/netfilter/nf_reject.ts';
import { alloc_skb, kfree_skb, skb_header_pointer_off, skb_put } from '../../core/skbuff.ts';
import { nf_ct_attach } from '../../netfilter/core.ts';
import { nf_ip_checksum } from '../../netfilter/utils.ts';
import { ip_local_out } from '../ip_output.ts';
import { ip_route_me_harder, nf_ip_route } from '../netfilter.ts';
import { ip4_dst_hoplimit } from '../route.ts';

/**
 * Finds the TCP header of a packet that may be answered with a reset.
 * @returns its offset in skb.head; -1 for a fragment, a reset, a broken segment, another protocol
 * @kernel net/ipv4/netfilter/nf_reject_ipv4.c:15 (v5.10)
 */
export function nf_reject_ip_tcphdr_get(oldskb: sk_buff, hook: number): number {
	const iph = ip_hdr(oldskb);
	if ((get_unaligned_be16(oldskb.head, iph + IPHDR_frag_off) & IP_OFFSET) !== 0) return -1;
	if (oldskb.head[iph + IPHDR_protocol] !== IPPROTO_TCP) return -1;

	const oth = skb_header_pointer_off(oldskb, ip_hdrlen(oldskb), TCPHDR_LEN);
	if (oth < 0) return -1;

	/* Resets are not answered with resets. */
	if ((oldskb.head[oth + TCPHDR_flags] & TCPHDR_RST) !== 0) return -1;

	if (nf_ip_checksum(oldskb, hook, ip_hdrlen(oldskb), IPPROTO_TCP) !== 0) return -1;
	return oth;
}

/**
 * Writes the IPv4 header of an answer.
 * @param ttl of the answer
 * @returns its offset in nskb.head
 * @kernel net/ipv4/netfilter/nf_reject_ipv4.c:44 (v5.10)
 */
export function nf_reject_iphdr_put(
	nskb: sk_buff,
	oldskb: sk_buff,
	protocol: number,
	ttl: number,
): number {
	skb_reset_network_header(nskb);
	const niph = skb_put(nskb, IPHDR_LEN);
	const h = nskb.head;
	const oiph = ip_hdr(oldskb);
	h.fill(0, niph, niph + IPHDR_LEN);
	h[niph] = (4 << 4) | (IPHDR_LEN / 4);
	put_unaligned_be16(IP_DF, h, niph + IPHDR_frag_off);
	h[niph + IPHDR_protocol] = protocol;
	put_unaligned_be32(
		get_unaligned_be32(oldskb.head, oiph + IPHDR_daddr),
		h,
		niph + IPHDR_saddr,
	);
	put_unaligned_be32(
		get_unaligned_be32(oldskb.head, oiph + IPHDR_saddr),
		h,
		niph + IPHDR_daddr,
	);
	h[niph + IPHDR_ttl] = ttl;
	nskb.protocol = ETH_P_IP;
	return niph;
}

/**
 * Writes the TCP header of a reset.
 * @param oth TCP header of the packet it answers, offset in oldskb.head
 * @kernel net/ipv4/netfilter/nf_reject_ipv4.c:69 (v5.10)
 */
export function nf_reject_ip_tcphdr_put(nskb: sk_buff, oldskb: sk_buff, oth: number): void {
	const niph = ip_hdr(nskb);
	const o = oldskb.head;
	const tcph = skb_put(nskb, TCPHDR_LEN);
	const h = nskb.head;
	skb_set_transport_header(nskb, tcph - nskb.data);
	h.fill(0, tcph, tcph + TCPHDR_LEN);
	put_unaligned_be16(get_unaligned_be16(o, oth + TCPHDR_dest), h, tcph + TCPHDR_source);
	put_unaligned_be16(get_unaligned_be16(o, oth + TCPHDR_source), h, tcph + TCPHDR_dest);
	h[tcph + TCPHDR_doff] = (TCPHDR_LEN / 4) << 4;

	const oflags = o[oth + TCPHDR_flags];
	let flags = TCPHDR_RST;
	if ((oflags & TCPHDR_ACK) !== 0) {
		put_unaligned_be32(
			get_unaligned_be32(o, oth + TCPHDR_ack_seq),
			h,
			tcph + TCPHDR_seq,
		);
	} else {
		const ack_seq =
			get_unaligned_be32(o, oth + TCPHDR_seq) +
			((oflags & TCPHDR_SYN) !== 0 ? 1 : 0) +
			((oflags & TCPHDR_FIN) !== 0 ? 1 : 0) +
			oldskb.len -
			ip_hdrlen(oldskb) -
			(o[oth + TCPHDR_doff] >> 4) * 4;
		put_unaligned_be32(ack_seq, h, tcph + TCPHDR_ack_seq);
		flags |= TCPHDR_ACK;
	}
	h[tcph + TCPHDR_flags] = flags;

	const sum = csum_tcpudp_magic(
		get_unaligned_be32(h, niph + IPHDR_saddr),
		get_unaligned_be32(h, niph + IPHDR_daddr),
		TCPHDR_LEN,
		IPPROTO_TCP,
		0,
	);
	put_unaligned_be16(~sum, h, tcph + TCPHDR_check);
	nskb.ip_summed = CHECKSUM_PARTIAL;
	nskb.csum_start = tcph;
	nskb.csum_offset = TCPHDR_check;
}

/**
 * Gives a packet that has not been routed yet a route back to its sender.
 * @returns 0 or -1
 * @kernel net/ipv4/netfilter/nf_reject_ipv4.c:99 (v5.10)
 */
function nf_reject_fill_skb_dst(skb_in: sk_buff): number {
	const fl = new flowi4();
	fl.daddr = get_unaligned_be32(skb_in.head, ip_hdr(skb_in) + IPHDR_saddr);
	const dst = nf_ip_route(skb_in.dev!.nd_net, fl);
	if (IS_ERR(dst)) return -1;
	skb_dst_set(skb_in, dst);
	return 0;
}

/**
 * Answers a TCP segment with a reset.
 * @param oldskb stays the caller's
 * @kernel net/ipv4/netfilter/nf_reject_ipv4.c:115 (v5.10)
 */
export function nf_send_reset(net: net, oldskb: sk_buff, hook: number): void {
	const oth = nf_reject_ip_tcphdr_get(oldskb, hook);
	if (oth < 0) return;

	if (hook === NF_INET_PRE_ROUTING && nf_reject_fill_skb_dst(oldskb) !== 0) return;

	const odst = oldskb._dst as rtable | null;
	if (odst === null || (odst.rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0) return;

	const nskb = alloc_skb(net.machine, IPHDR_LEN + TCPHDR_LEN + LL_MAX_HEADER);

	/* ip_route_me_harder() looks at the destination. */
	skb_dst_set_noref(nskb, odst);
	nskb.mark = IP4_REPLY_MARK(net, oldskb.mark);

	skb_reserve(nskb, LL_MAX_HEADER);
	nf_reject_iphdr_put(nskb, oldskb, IPPROTO_TCP, ip4_dst_hoplimit(odst));
	nf_reject_ip_tcphdr_put(nskb, oldskb, oth);

	free_nskb: {
		if (ip_route_me_harder(net, nskb.sk, nskb, RTN_UNSPEC) !== 0) break free_nskb;
		if (nskb.len > dst_mtu(nskb._dst!)) break free_nskb;

		nf_ct_attach(nskb, oldskb);
		ip_local_out(net, nskb.sk, nskb);
		return;
	}
	kfree_skb(nskb);
}

/**
 * Answers a packet with an ICMP error.
 * @param code ICMP_*_UNREACH and the like
 * @kernel net/ipv4/netfilter/nf_reject_ipv4.c:188 (v5.10)
 */
export function nf_send_unreach(skb_in: sk_buff, code: number, hook: number): void {
	const iph = ip_hdr(skb_in);
	const proto = skb_in.head[iph + IPHDR_protocol];

	if ((get_unaligned_be16(skb_in.head, iph + IPHDR_frag_off) & IP_OFFSET) !== 0) return;

	if (hook === NF_INET_PRE_ROUTING && nf_reject_fill_skb_dst(skb_in) !== 0) return;

	if (skb_csum_unnecessary(skb_in) || !nf_reject_verify_csum(proto)) {
		icmp_send(skb_in, ICMP_DEST_UNREACH, code, 0);
		return;
	}
	if (nf_ip_checksum(skb_in, hook, ip_hdrlen(skb_in), proto) === 0)
		icmp_send(skb_in, ICMP_DEST_UNREACH, code, 0);
}
