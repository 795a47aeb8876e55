// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv6/netfilter/nf_reject_ipv6.c, base v5.10: answers to packets that a rule rejects: a TCP reset or an
 * ICMPv6 error.
 *
 * PORT: a header is given as its offset in skb.head; nf_reject_ip6_tcphdr_get() gives the offset from data,
 * from which the length of header and data follows.
 * Not ported: packets of bridges that call the IP hooks (br_netfilter is absent).
 */
import type { net } from '../../../include/net/net_namespace.ts';
import type { sk_buff } from '../../../include/linux/skbuff.ts';
import {
	skb_csum_unnecessary,
	skb_reserve,
	skb_set_network_header,
	skb_set_transport_header,
} from '../../../include/linux/skbuff.ts';
import { machine_var } from '../../../include/linux/machine.ts';
import { IS_ERR } from '../../../include/linux/err.ts';
import { ipv6_hdr } from '../../../include/linux/ipv6.ts';
import {
	get_unaligned_be16,
	get_unaligned_be32,
	put_unaligned_be16,
	put_unaligned_be32,
} from '../../../include/linux/byteorder/generic.ts';
import { csum_ipv6_magic, csum_partial } from '../../../include/net/checksum.ts';
import type { dst_entry } from '../../../include/net/dst.ts';
import { dst_release, skb_dst_set } from '../../../include/net/dst.ts';
import { flowi6 } from '../../../include/net/flow.ts';
import {
	exthdr_pos,
	IP6_REPLY_MARK,
	ip6_flow_hdr,
	IPV6_ADDR_UNICAST,
	ipv6_addr_type,
} from '../../../include/net/ipv6.ts';
import { l3mdev_master_ifindex } from '../../../include/net/l3mdev.ts';
import { xfrm_lookup_ops } from '../../../include/net/xfrm.ts';
import { ETH_P_IPV6 } from '../../../include/uapi/linux/if_ether.ts';
import { ICMPV6_DEST_UNREACH } from '../../../include/uapi/linux/icmpv6.ts';
import { IPPROTO_TCP } from '../../../include/uapi/linux/in.ts';
import {
	IPV6HDR_daddr,
	IPV6HDR_hop_limit,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_saddr,
} from '../../../include/uapi/linux/ipv6.ts';
import { NF_INET_LOCAL_OUT, NF_INET_PRE_ROUTING } from '../../../include/uapi/linux/netfilter.ts';
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
import { alloc_skb, skb_header_pointer_off, skb_put } from '../../core/skbuff.ts';
import { nf_ct_attach } from '../../netfilter/core.ts';
import { nf_ip6_checksum } from '../../netfilter/utils.ts';
import { ipv6_skip_exthdr } from '../exthdrs_core.ts';
import { icmpv6_send } from '../ip6_icmp.ts';
import { nf_ip6_route } from '../netfilter.ts';
import { ip6_dst_hoplimit, ip6_local_out } from '../output_core.ts';
import { ip6_route_output } from '../route.ts';

/* a variable on the stack in C */
const pos_var = machine_var(() => new exthdr_pos());

/**
 * Finds the TCP header of a packet that may be answered with a reset.
 * @returns its offset from data; -1 for a reset, a broken segment, another protocol
 * @kernel net/ipv6/netfilter/nf_reject_ipv6.c:15 (v5.10)
 */
export function nf_reject_ip6_tcphdr_get(oldskb: sk_buff, hook: number): number {
	const oip6h = ipv6_hdr(oldskb);
	const pos = pos_var.of(oldskb.machine);
	pos.nexthdr = oldskb.head[oip6h + IPV6HDR_nexthdr];
	const tcphoff = ipv6_skip_exthdr(oldskb, oip6h - oldskb.data + IPV6HDR_LEN, pos);
	if (tcphoff < 0 || tcphoff > oldskb.len) return -1;

	if (pos.nexthdr !== IPPROTO_TCP || oldskb.len - tcphoff < TCPHDR_LEN) return -1;

	const otcph = skb_header_pointer_off(oldskb, tcphoff, TCPHDR_LEN);
	if (otcph < 0) return -1;

	/* Resets are not answered with resets. */
	if ((oldskb.head[otcph + TCPHDR_flags] & TCPHDR_RST) !== 0) return -1;

	if (nf_ip6_checksum(oldskb, hook, tcphoff, IPPROTO_TCP) !== 0) return -1;
	return tcphoff;
}

/**
 * Writes the IPv6 header of an answer.
 * @returns its offset in nskb.head
 * @kernel net/ipv6/netfilter/nf_reject_ipv6.c:63 (v5.10)
 */
export function nf_reject_ip6hdr_put(
	nskb: sk_buff,
	oldskb: sk_buff,
	protocol: number,
	hoplimit: number,
): number {
	const ip6h = skb_put(nskb, IPV6HDR_LEN);
	const h = nskb.head;
	const oip6h = ipv6_hdr(oldskb);
	skb_set_network_header(nskb, ip6h - nskb.data);
	h.fill(0, ip6h, ip6h + IPV6HDR_LEN);
	ip6_flow_hdr(h, ip6h, 0, 0);
	h[ip6h + IPV6HDR_hop_limit] = hoplimit;
	h[ip6h + IPV6HDR_nexthdr] = protocol;
	for (let i = 0; i < 16; i++) {
		h[ip6h + IPV6HDR_saddr + i] = oldskb.head[oip6h + IPV6HDR_daddr + i];
		h[ip6h + IPV6HDR_daddr + i] = oldskb.head[oip6h + IPV6HDR_saddr + i];
	}
	nskb.protocol = ETH_P_IPV6;
	return ip6h;
}

/**
 * Writes the TCP header of a reset.
 * @param oth TCP header of the packet it answers, offset in oldskb.head
 * @param otcplen bytes of that header and its data
 * @kernel net/ipv6/netfilter/nf_reject_ipv6.c:87 (v5.10)
 */
export function nf_reject_ip6_tcphdr_put(
	nskb: sk_buff,
	oldskb: sk_buff,
	oth: number,
	otcplen: number,
): void {
	const o = oldskb.head;
	const tcph = skb_put(nskb, TCPHDR_LEN);
	const h = nskb.head;
	skb_set_transport_header(nskb, tcph - nskb.data);
	h.fill(0, tcph, tcph + TCPHDR_LEN);
	h[tcph + TCPHDR_doff] = (TCPHDR_LEN / 4) << 4;
	put_unaligned_be16(get_unaligned_be16(o, oth + TCPHDR_dest), h, tcph + TCPHDR_source);
	put_unaligned_be16(get_unaligned_be16(o, oth + TCPHDR_source), h, tcph + TCPHDR_dest);

	const oflags = o[oth + TCPHDR_flags];
	let flags = TCPHDR_RST;
	if ((oflags & TCPHDR_ACK) !== 0) {
		put_unaligned_be32(
			get_unaligned_be32(o, oth + TCPHDR_ack_seq),
			h,
			tcph + TCPHDR_seq,
		);
	} else {
		flags |= TCPHDR_ACK;
		const ack_seq =
			get_unaligned_be32(o, oth + TCPHDR_seq) +
			((oflags & TCPHDR_SYN) !== 0 ? 1 : 0) +
			((oflags & TCPHDR_FIN) !== 0 ? 1 : 0) +
			otcplen -
			(o[oth + TCPHDR_doff] >> 4) * 4;
		put_unaligned_be32(ack_seq, h, tcph + TCPHDR_ack_seq);
	}
	h[tcph + TCPHDR_flags] = flags;

	const ip6h = ipv6_hdr(nskb);
	const check = csum_ipv6_magic(
		h,
		ip6h + IPV6HDR_saddr,
		h,
		ip6h + IPV6HDR_daddr,
		TCPHDR_LEN,
		IPPROTO_TCP,
		csum_partial(h, tcph, TCPHDR_LEN, 0),
	);
	put_unaligned_be16(check, h, tcph + TCPHDR_check);
}

/**
 * Copies an address of a packet into a flow key.
 * @kernel PORT: assignment of struct in6_addr
 */
function addr_from(skb: sk_buff, off: number, to: Uint8Array): void {
	for (let i = 0; i < 16; i++) to[i] = skb.head[off + i];
}

/**
 * Gives a packet that has not been routed yet a route back to its sender.
 * @returns 0 or -1
 * @kernel net/ipv6/netfilter/nf_reject_ipv6.c:129 (v5.10)
 */
function nf_reject6_fill_skb_dst(skb_in: sk_buff): number {
	const fl = new flowi6();
	addr_from(skb_in, ipv6_hdr(skb_in) + IPV6HDR_saddr, fl.daddr);
	const dst = nf_ip6_route(skb_in.dev!.nd_net, fl, false);
	if (IS_ERR(dst)) return -1;
	skb_dst_set(skb_in, dst);
	return 0;
}

/**
 * Answers a TCP segment with a reset.
 * @param oldskb stays the caller's
 * @kernel net/ipv6/netfilter/nf_reject_ipv6.c:144 (v5.10)
 */
export function nf_send_reset6(net: net, oldskb: sk_buff, hook: number): void {
	let oip6h = ipv6_hdr(oldskb);
	if (
		(ipv6_addr_type(oldskb.head, oip6h + IPV6HDR_saddr) & IPV6_ADDR_UNICAST) === 0 ||
		(ipv6_addr_type(oldskb.head, oip6h + IPV6HDR_daddr) & IPV6_ADDR_UNICAST) === 0
	)
		return;

	const tcphoff = nf_reject_ip6_tcphdr_get(oldskb, hook);
	if (tcphoff < 0) return;
	const otcph = oldskb.data + tcphoff;
	const otcplen = oldskb.len - tcphoff;

	oip6h = ipv6_hdr(oldskb);
	const fl6 = new flowi6();
	fl6.flowi6_proto = IPPROTO_TCP;
	addr_from(oldskb, oip6h + IPV6HDR_daddr, fl6.saddr);
	addr_from(oldskb, oip6h + IPV6HDR_saddr, fl6.daddr);
	fl6.fl6_sport = get_unaligned_be16(oldskb.head, otcph + TCPHDR_dest);
	fl6.fl6_dport = get_unaligned_be16(oldskb.head, otcph + TCPHDR_source);

	if (hook === NF_INET_PRE_ROUTING) {
		const dst = nf_ip6_route(net, fl6, false);
		if (IS_ERR(dst)) return;
		skb_dst_set(oldskb, dst);
	}

	fl6.flowi6_oif = l3mdev_master_ifindex(oldskb._dst!.dev);
	fl6.flowi6_mark = IP6_REPLY_MARK(net, oldskb.mark);
	let dst: dst_entry = ip6_route_output(net, null, fl6);
	if (dst.error !== 0) {
		dst_release(dst);
		return;
	}
	const { fn } = xfrm_lookup_ops.of(net.machine);
	if (fn !== null) {
		const ndst = fn.xfrm_lookup(net, dst, fl6, null, 0);
		if (IS_ERR(ndst)) return;
		dst = ndst;
	}

	const hh_len = (dst.dev!.hard_header_len + 15) & ~15;
	const nskb = alloc_skb(
		net.machine,
		hh_len + 15 + dst.header_len + IPV6HDR_LEN + TCPHDR_LEN + dst.trailer_len,
	);
	skb_dst_set(nskb, dst);
	nskb.mark = fl6.flowi6_mark;

	skb_reserve(nskb, hh_len + dst.header_len);
	nf_reject_ip6hdr_put(nskb, oldskb, IPPROTO_TCP, ip6_dst_hoplimit(dst));
	nf_reject_ip6_tcphdr_put(nskb, oldskb, otcph, otcplen);

	nf_ct_attach(nskb, oldskb);
	ip6_local_out(net, nskb.sk, nskb);
}

/**
 * Tells whether the checksum of a packet is right, as far as it can be checked.
 * @kernel net/ipv6/netfilter/nf_reject_ipv6.c:240 (v5.10)
 */
function reject6_csum_ok(skb: sk_buff, hook: number): boolean {
	if (skb_csum_unnecessary(skb)) return true;

	const ip6h = ipv6_hdr(skb);
	const pos = pos_var.of(skb.machine);
	pos.nexthdr = skb.head[ip6h + IPV6HDR_nexthdr];
	const thoff = ipv6_skip_exthdr(skb, ip6h - skb.data + IPV6HDR_LEN, pos);
	if (thoff < 0 || thoff >= skb.len || (pos.frag_off & ~0x7) !== 0) return false;

	if (!nf_reject_verify_csum(pos.nexthdr)) return true;
	return nf_ip6_checksum(skb, hook, thoff, pos.nexthdr) === 0;
}

/**
 * Answers a packet with an ICMPv6 error.
 * @param code ICMPV6_NOROUTE and the like
 * @kernel net/ipv6/netfilter/nf_reject_ipv6.c:262 (v5.10)
 */
export function nf_send_unreach6(net: net, skb_in: sk_buff, code: number, hooknum: number): void {
	if (!reject6_csum_ok(skb_in, hooknum)) return;

	if (hooknum === NF_INET_LOCAL_OUT && skb_in.dev === null) skb_in.dev = net.loopback_dev;

	if (hooknum === NF_INET_PRE_ROUTING && nf_reject6_fill_skb_dst(skb_in) !== 0) return;

	icmpv6_send(skb_in, ICMPV6_DEST_UNREACH, code, 0);
}
