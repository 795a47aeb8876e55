// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_nat_proto.c, base v5.10: changes addresses and ports in packets, and in the packets that
 * ICMP errors quote; the NAT hooks of IPv4 and IPv6.
 *
 * PORT: a checksum is given as its offset in skb.head.
 * Not ported: nf_nat_csum_recalc() (helpers), UDP-Lite, SCTP, DCCP and GRE (not tracked as such; like other
 * protocols they pass with addresses changed only).
 */
import type { net } from '../../include/net/net_namespace.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { CHECKSUM_PARTIAL } from '../../include/linux/skbuff.ts';
import type { nf_hook_ops, nf_hook_state } from '../../include/linux/netfilter.ts';
import type { Machine } from '../../include/linux/machine.ts';
import {
	get_unaligned_be16,
	get_unaligned_be32,
	put_unaligned_be16,
} from '../../include/linux/byteorder/generic.ts';
import { ip_daddr, ip_hdr } from '../../include/linux/ip.ts';
import { ipv6_hdr, IP6CB, IP6SKB_XFRM_TRANSFORMED } from '../../include/linux/ipv6.ts';
import {
	CSUM_MANGLED_0,
	csum_fold,
	csum_ipv6_magic,
	csum_replace4,
} from '../../include/net/checksum.ts';
import { ip_hdrlen, IPCB, IPSKB_XFRM_TRANSFORMED } from '../../include/net/ip.ts';
import { exthdr_pos } from '../../include/net/ipv6.ts';
import { NDISC_REDIRECT } from '../../include/net/ndisc.ts';
import { AF_INET, AF_INET6 } from '../../include/linux/socket.ts';
import {
	IPHDR_check,
	IPHDR_daddr,
	IPHDR_LEN,
	IPHDR_protocol,
	IPHDR_saddr,
} from '../../include/uapi/linux/ip.ts';
import {
	IPV6HDR_daddr,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_saddr,
} from '../../include/uapi/linux/ipv6.ts';
import {
	TCPHDR_check,
	TCPHDR_dest,
	TCPHDR_LEN,
	TCPHDR_source,
} from '../../include/uapi/linux/tcp.ts';
import {
	UDPHDR_check,
	UDPHDR_dest,
	UDPHDR_LEN,
	UDPHDR_source,
} from '../../include/uapi/linux/udp.ts';
import {
	ICMP_ADDRESS,
	ICMP_ADDRESSREPLY,
	ICMP_ECHO,
	ICMP_ECHOREPLY,
	ICMP_INFO_REPLY,
	ICMP_INFO_REQUEST,
	ICMP_REDIRECT,
	ICMP_TIMESTAMP,
	ICMP_TIMESTAMPREPLY,
	ICMPHDR_checksum,
	ICMPHDR_LEN,
	ICMPHDR_type,
	ICMPHDR_un_echo_id,
} from '../../include/uapi/linux/icmp.ts';
import {
	ICMP6HDR_cksum,
	ICMP6HDR_identifier,
	ICMP6HDR_LEN,
	ICMP6HDR_type,
	ICMPV6_ECHO_REPLY,
	ICMPV6_ECHO_REQUEST,
} from '../../include/uapi/linux/icmpv6.ts';
import {
	IPPROTO_ICMP,
	IPPROTO_ICMPV6,
	IPPROTO_TCP,
	IPPROTO_UDP,
} from '../../include/uapi/linux/in.ts';
import { RTN_UNSPEC } from '../../include/uapi/linux/rtnetlink.ts';
import {
	NF_ACCEPT,
	NF_DROP,
	NF_DROP_ERR,
	NF_INET_LOCAL_IN,
	NF_INET_LOCAL_OUT,
	NF_INET_POST_ROUTING,
	NF_INET_PRE_ROUTING,
	NF_STOLEN,
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
} from '../../include/uapi/linux/netfilter.ts';
import { NF_IP_PRI_NAT_DST, NF_IP_PRI_NAT_SRC } from '../../include/linux/netfilter_ipv4.ts';
import { NF_IP6_PRI_NAT_DST, NF_IP6_PRI_NAT_SRC } from '../../include/linux/netfilter_ipv6.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import {
	IP_CT_RELATED,
	IP_CT_RELATED_REPLY,
	IPS_DST_NAT,
	IPS_NAT_DONE_MASK,
	IPS_NAT_MASK,
	IPS_SRC_NAT,
} from '../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import {
	CTINFO2DIR,
	IP_CT_DIR_REPLY,
} from '../../include/uapi/linux/netfilter/nf_conntrack_tuple_common.ts';
import { nf_conntrack_tuple } from '../../include/net/netfilter/nf_conntrack_tuple.ts';
import type { nf_conn } from '../../include/net/netfilter/nf_conntrack.ts';
import {
	HOOK2MANIP,
	NF_NAT_MANIP_DST,
	NF_NAT_MANIP_SRC,
} from '../../include/net/netfilter/nf_nat.ts';
import { skb_checksum, skb_dst_drop, skb_ensure_writable } from '../core/skbuff.ts';
import {
	inet_proto_csum_replace16,
	inet_proto_csum_replace2,
	inet_proto_csum_replace4,
} from '../core/utils.ts';
import { ip_route_me_harder } from '../ipv4/netfilter.ts';
import { ip6_route_me_harder } from '../ipv6/netfilter.ts';
import { ipv6_skip_exthdr } from '../ipv6/exthdrs_core.ts';
import { netfilter_hooks } from './core.ts';
import { nf_ct_invert_tuple } from './nf_conntrack_core.ts';
import {
	nf_nat_inet_fn,
	nf_nat_register_fn,
	nf_nat_unregister_fn,
	nf_xfrm_me_harder,
} from './nf_nat_core.ts';
import { nf_ip6_checksum, nf_ip_checksum } from './utils.ts';

/* PORT: variables on the stack in C, read before anything nests */
const target = new nf_conntrack_tuple(null);
const in6 = new Uint8Array(16);
const old_words = new Int32Array(4);
const new_words = new Int32Array(4);
const pos = new exthdr_pos();

/**
 * Changes a port of a UDP header.
 * @param iphdroff of the network header, from data
 * @param hdr of the UDP header, in skb.head
 * @param maniptype NF_NAT_MANIP_*
 * @param do_csum whether the header has a checksum
 * @kernel net/netfilter/nf_nat_proto.c:39 (v5.10)
 */
function __udp_manip_pkt(
	skb: sk_buff,
	iphdroff: number,
	hdr: number,
	tuple: nf_conntrack_tuple,
	maniptype: number,
	do_csum: boolean,
): void {
	const { view } = skb;
	const src = maniptype === NF_NAT_MANIP_SRC;
	const newport = src ? tuple.src_u_all : tuple.dst_u_all;
	const portptr = hdr + (src ? UDPHDR_source : UDPHDR_dest);
	if (do_csum) {
		const check = hdr + UDPHDR_check;
		nf_csum_update(skb, iphdroff, check, tuple, maniptype);
		inet_proto_csum_replace2(
			check,
			skb,
			view.getUint16(portptr),
			newport,
			false,
		);
		if (view.getUint16(check) === 0) view.setUint16(check, CSUM_MANGLED_0);
	}
	view.setUint16(portptr, newport);
}

/**
 * Changes a port of a UDP packet.
 * @param hdroff of the UDP header, from data
 * @returns false when the packet is short
 * @kernel net/netfilter/nf_nat_proto.c:65 (v5.10)
 */
function udp_manip_pkt(
	skb: sk_buff,
	iphdroff: number,
	hdroff: number,
	tuple: nf_conntrack_tuple,
	maniptype: number,
): boolean {
	if (skb_ensure_writable(skb, hdroff + UDPHDR_LEN) !== 0) return false;
	const hdr = skb.data + hdroff;
	const do_csum = skb.view.getUint16(hdr + UDPHDR_check) !== 0;
	__udp_manip_pkt(skb, iphdroff, hdr, tuple, maniptype, do_csum);
	return true;
}

/**
 * Changes a port of a TCP packet. Of one that an ICMP error quotes only eight bytes may be there, and then
 * its checksum is not.
 * @param hdroff of the TCP header, from data
 * @returns false when the packet is short
 * @kernel net/netfilter/nf_nat_proto.c:141 (v5.10)
 */
function tcp_manip_pkt(
	skb: sk_buff,
	iphdroff: number,
	hdroff: number,
	tuple: nf_conntrack_tuple,
	maniptype: number,
): boolean {
	let hdrsize = 8;
	if (skb.len >= hdroff + TCPHDR_LEN) hdrsize = TCPHDR_LEN;
	if (skb_ensure_writable(skb, hdroff + hdrsize) !== 0) return false;

	const hdr = skb.data + hdroff;
	const src = maniptype === NF_NAT_MANIP_SRC;
	const newport = src ? tuple.src_u_all : tuple.dst_u_all;
	const portptr = hdr + (src ? TCPHDR_source : TCPHDR_dest);
	const oldport = skb.view.getUint16(portptr);
	skb.view.setUint16(portptr, newport);

	if (hdrsize < TCPHDR_LEN) return true;

	nf_csum_update(skb, iphdroff, hdr + TCPHDR_check, tuple, maniptype);
	inet_proto_csum_replace2(hdr + TCPHDR_check, skb, oldport, newport, false);
	return true;
}

/**
 * Changes the id of an ICMP question or answer.
 * @param hdroff of the ICMP header, from data
 * @returns false when the packet is short
 * @kernel net/netfilter/nf_nat_proto.c:223 (v5.10)
 */
function icmp_manip_pkt(
	skb: sk_buff,
	_iphdroff: number,
	hdroff: number,
	tuple: nf_conntrack_tuple,
	_maniptype: number,
): boolean {
	if (skb_ensure_writable(skb, hdroff + ICMPHDR_LEN) !== 0) return false;
	const h = skb.head;
	const hdr = skb.data + hdroff;
	switch (h[hdr + ICMPHDR_type]) {
		case ICMP_ECHO:
		case ICMP_ECHOREPLY:
		case ICMP_TIMESTAMP:
		case ICMP_TIMESTAMPREPLY:
		case ICMP_INFO_REQUEST:
		case ICMP_INFO_REPLY:
		case ICMP_ADDRESS:
		case ICMP_ADDRESSREPLY:
			break;
		default:
			return true;
	}
	inet_proto_csum_replace2(
		hdr + ICMPHDR_checksum,
		skb,
		get_unaligned_be16(h, hdr + ICMPHDR_un_echo_id),
		tuple.src_u_all,
		false,
	);
	put_unaligned_be16(tuple.src_u_all, h, hdr + ICMPHDR_un_echo_id);
	return true;
}

/**
 * Changes the id of an ICMPv6 echo, and the checksum of any message, which covers the addresses.
 * @param hdroff of the ICMPv6 header, from data
 * @returns false when the packet is short
 * @kernel net/netfilter/nf_nat_proto.c:254 (v5.10)
 */
function icmpv6_manip_pkt(
	skb: sk_buff,
	iphdroff: number,
	hdroff: number,
	tuple: nf_conntrack_tuple,
	maniptype: number,
): boolean {
	if (skb_ensure_writable(skb, hdroff + ICMP6HDR_LEN) !== 0) return false;
	const h = skb.head;
	const hdr = skb.data + hdroff;
	nf_csum_update(skb, iphdroff, hdr + ICMP6HDR_cksum, tuple, maniptype);
	const type = h[hdr + ICMP6HDR_type];
	if (type === ICMPV6_ECHO_REQUEST || type === ICMPV6_ECHO_REPLY) {
		inet_proto_csum_replace2(
			hdr + ICMP6HDR_cksum,
			skb,
			get_unaligned_be16(h, hdr + ICMP6HDR_identifier),
			tuple.src_u_all,
			false,
		);
		put_unaligned_be16(tuple.src_u_all, h, hdr + ICMP6HDR_identifier);
	}
	return true;
}

/**
 * Changes the transport header of a packet.
 * @param iphdroff of the network header, from data
 * @param hdroff of the transport header, from data
 * @param maniptype NF_NAT_MANIP_*
 * @returns false when the packet is short; a protocol without its own function is left as it is
 * @kernel net/netfilter/nf_nat_proto.c:317 (v5.10)
 */
function l4proto_manip_pkt(
	skb: sk_buff,
	iphdroff: number,
	hdroff: number,
	tuple: nf_conntrack_tuple,
	maniptype: number,
): boolean {
	switch (tuple.dst_protonum) {
		case IPPROTO_TCP:
			return tcp_manip_pkt(skb, iphdroff, hdroff, tuple, maniptype);
		case IPPROTO_UDP:
			return udp_manip_pkt(skb, iphdroff, hdroff, tuple, maniptype);
		case IPPROTO_ICMP:
			return icmp_manip_pkt(skb, iphdroff, hdroff, tuple, maniptype);
		case IPPROTO_ICMPV6:
			return icmpv6_manip_pkt(skb, iphdroff, hdroff, tuple, maniptype);
	}
	return true;
}

/**
 * Changes one end of an IPv4 packet.
 * @param iphdroff of its header, from data
 * @param target the wanted ends
 * @param maniptype NF_NAT_MANIP_*: which end
 * @returns false when the packet is short
 * @kernel net/netfilter/nf_nat_proto.c:353 (v5.10)
 */
function nf_nat_ipv4_manip_pkt(
	skb: sk_buff,
	iphdroff: number,
	target: nf_conntrack_tuple,
	maniptype: number,
): boolean {
	if (skb_ensure_writable(skb, iphdroff + IPHDR_LEN) !== 0) return false;

	const hdroff = iphdroff + (skb.head[skb.data + iphdroff] & 0x0f) * 4;
	if (!l4proto_manip_pkt(skb, iphdroff, hdroff, target, maniptype)) return false;

	const { view } = skb;
	const iph = skb.data + iphdroff;
	const src = maniptype === NF_NAT_MANIP_SRC;
	const addr = iph + (src ? IPHDR_saddr : IPHDR_daddr);
	const newip = src ? target.src_u3_0 : target.dst_u3_0;
	csum_replace4(view, iph + IPHDR_check, view.getInt32(addr), newip);
	view.setInt32(addr, newip);
	return true;
}

/**
 * Changes one end of an IPv6 packet.
 * @param iphdroff of its header, from data
 * @param target the wanted ends
 * @param maniptype NF_NAT_MANIP_*: which end
 * @returns false when the packet is short
 * @kernel net/netfilter/nf_nat_proto.c:381 (v5.10)
 */
function nf_nat_ipv6_manip_pkt(
	skb: sk_buff,
	iphdroff: number,
	target: nf_conntrack_tuple,
	maniptype: number,
): boolean {
	if (skb_ensure_writable(skb, iphdroff + IPV6HDR_LEN) !== 0) return false;

	pos.nexthdr = skb.head[skb.data + iphdroff + IPV6HDR_nexthdr];
	const hdroff = ipv6_skip_exthdr(skb, iphdroff + IPV6HDR_LEN, pos);
	if (
		hdroff >= 0 &&
		(pos.frag_off & ~0x7) === 0 &&
		!l4proto_manip_pkt(skb, iphdroff, hdroff, target, maniptype)
	)
		return false;

	const ipv6h = skb.data + iphdroff;
	if (maniptype === NF_NAT_MANIP_SRC)
		skb.head.set(target.src_u3_in6(in6), ipv6h + IPV6HDR_saddr);
	else skb.head.set(target.dst_u3_in6(in6), ipv6h + IPV6HDR_daddr);
	return true;
}

/**
 * Changes one end of a packet into what its connection's answers expect.
 * @param mtype NF_NAT_MANIP_*: which end
 * @param dir IP_CT_DIR_* of the packet
 * @returns NF_ACCEPT or NF_DROP
 * @kernel net/netfilter/nf_nat_proto.c:419 (v5.10)
 */
export function nf_nat_manip_pkt(skb: sk_buff, ct: nf_conn, mtype: number, dir: number): number {
	nf_ct_invert_tuple(target, ct.tuplehash_of(1 - dir).tuple);

	switch (target.src_l3num) {
		case NFPROTO_IPV6:
			if (nf_nat_ipv6_manip_pkt(skb, 0, target, mtype)) return NF_ACCEPT;
			break;
		case NFPROTO_IPV4:
			if (nf_nat_ipv4_manip_pkt(skb, 0, target, mtype)) return NF_ACCEPT;
			break;
		default:
			skb.machine.record(
				'WARN',
				'nf_nat_manip_pkt',
				`family ${target.src_l3num}`,
				skb,
			);
			break;
	}
	return NF_DROP;
}

/**
 * Corrects a transport checksum for the IPv4 address that will be changed.
 * @param check its offset in skb.head
 * @kernel net/netfilter/nf_nat_proto.c:445 (v5.10)
 */
function nf_nat_ipv4_csum_update(
	skb: sk_buff,
	iphdroff: number,
	check: number,
	t: nf_conntrack_tuple,
	maniptype: number,
): void {
	const src = maniptype === NF_NAT_MANIP_SRC;
	const iph = skb.data + iphdroff;
	const oldip = skb.view.getInt32(iph + (src ? IPHDR_saddr : IPHDR_daddr));
	inet_proto_csum_replace4(check, skb, oldip, src ? t.src_u3_0 : t.dst_u3_0, true);
}

/**
 * Corrects a transport checksum for the IPv6 address that will be changed.
 * @param check its offset in skb.head
 * @kernel net/netfilter/nf_nat_proto.c:463 (v5.10)
 */
function nf_nat_ipv6_csum_update(
	skb: sk_buff,
	iphdroff: number,
	check: number,
	t: nf_conntrack_tuple,
	maniptype: number,
): void {
	const src = maniptype === NF_NAT_MANIP_SRC;
	const oldip = skb.data + iphdroff + (src ? IPV6HDR_saddr : IPV6HDR_daddr);
	const newip = src ? t.src_u3_in6(in6) : t.dst_u3_in6(in6);
	for (let i = 0; i < 4; i++) {
		old_words[i] = get_unaligned_be32(skb.head, oldip + 4 * i);
		new_words[i] = get_unaligned_be32(newip, 4 * i);
	}
	inet_proto_csum_replace16(check, skb, old_words, new_words, true);
}

/**
 * Corrects a transport checksum for the address that will be changed.
 * @param iphdroff of the network header, from data
 * @param check offset of the checksum in skb.head
 * @param t the wanted ends
 * @param maniptype NF_NAT_MANIP_*: which end
 * @kernel net/netfilter/nf_nat_proto.c:484 (v5.10)
 */
function nf_csum_update(
	skb: sk_buff,
	iphdroff: number,
	check: number,
	t: nf_conntrack_tuple,
	maniptype: number,
): void {
	switch (t.src_l3num) {
		case NFPROTO_IPV4:
			nf_nat_ipv4_csum_update(skb, iphdroff, check, t, maniptype);
			return;
		case NFPROTO_IPV6:
			nf_nat_ipv6_csum_update(skb, iphdroff, check, t, maniptype);
			return;
	}
}

/**
 * Bit that says whether a connection changes a packet of a direction at a hook.
 * @param manip NF_NAT_MANIP_*
 * @returns IPS_SRC_NAT or IPS_DST_NAT
 * @kernel PORT: statusbit of the two translation functions
 */
function nat_statusbit(manip: number, dir: number): number {
	const statusbit = manip === NF_NAT_MANIP_SRC ? IPS_SRC_NAT : IPS_DST_NAT;
	return dir === IP_CT_DIR_REPLY ? statusbit ^ IPS_NAT_MASK : statusbit;
}

/**
 * Changes an ICMP error and the packet that it quotes.
 * @param ctinfo IP_CT_RELATED or IP_CT_RELATED_REPLY
 * @returns 1, or 0 for one that must be dropped
 * @kernel net/netfilter/nf_nat_proto.c:559 (v5.10)
 */
export function nf_nat_icmp_reply_translation(
	skb: sk_buff,
	ct: nf_conn,
	ctinfo: number,
	hooknum: number,
): number {
	const dir = CTINFO2DIR(ctinfo);
	const manip = HOOK2MANIP(hooknum);
	const hdrlen = ip_hdrlen(skb);
	const other = ct.tuplehash_of(1 - dir).tuple;

	if (ctinfo !== IP_CT_RELATED && ctinfo !== IP_CT_RELATED_REPLY)
		skb.machine.record(
			'WARN',
			'nf_nat_icmp_reply_translation',
			`ctinfo ${ctinfo}`,
			skb,
		);

	if (skb_ensure_writable(skb, hdrlen + ICMPHDR_LEN + IPHDR_LEN) !== 0) return 0;
	if (nf_ip_checksum(skb, hooknum, hdrlen, IPPROTO_ICMP) !== 0) return 0;

	if (skb.head[skb.data + hdrlen + ICMPHDR_type] === ICMP_REDIRECT) {
		/* A redirect makes no sense when addresses are not what they seem. */
		if ((ct.status & IPS_NAT_DONE_MASK) !== IPS_NAT_DONE_MASK) return 0;
		if ((ct.status & IPS_NAT_MASK) !== 0) return 0;
	}

	if ((ct.status & nat_statusbit(manip, dir)) === 0) return 1;

	/* The quoted packet went the other way. */
	if (
		!nf_nat_ipv4_manip_pkt(
			skb,
			hdrlen + ICMPHDR_LEN,
			other,
			manip === NF_NAT_MANIP_SRC ? NF_NAT_MANIP_DST : NF_NAT_MANIP_SRC,
		)
	)
		return 0;

	if (skb.ip_summed !== CHECKSUM_PARTIAL) {
		const check = skb.data + hdrlen + ICMPHDR_checksum;
		put_unaligned_be16(0, skb.head, check);
		put_unaligned_be16(
			csum_fold(skb_checksum(skb, hdrlen, skb.len - hdrlen, 0)),
			skb.head,
			check,
		);
	}

	/* The error itself. */
	nf_ct_invert_tuple(target, other);
	target.dst_protonum = IPPROTO_ICMP;
	if (!nf_nat_ipv4_manip_pkt(skb, 0, target, manip)) return 0;
	return 1;
}

/**
 * NAT hook of IPv4 where packets are delivered.
 * @kernel net/netfilter/nf_nat_proto.c:625 (v5.10)
 */
function nf_nat_ipv4_fn(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const ct = skb._nfct;
	if (ct === null) return NF_ACCEPT;

	const ctinfo = skb.nfctinfo;
	if (ctinfo === IP_CT_RELATED || ctinfo === IP_CT_RELATED_REPLY) {
		if (skb.head[ip_hdr(skb) + IPHDR_protocol] === IPPROTO_ICMP)
			return nf_nat_icmp_reply_translation(skb, ct, ctinfo, state.hook) !== 0
				? NF_ACCEPT
				: NF_DROP;
	}
	return nf_nat_inet_fn(priv, skb, state);
}

/**
 * NAT hook of IPv4 where packets come in: another destination needs another route.
 * @kernel net/netfilter/nf_nat_proto.c:649 (v5.10)
 */
function nf_nat_ipv4_in(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const daddr = ip_daddr(skb);
	const ret = nf_nat_ipv4_fn(priv, skb, state);
	if (ret === NF_ACCEPT && daddr !== ip_daddr(skb))
		skb_dst_drop(skb);
	return ret;
}

/**
 * NAT hook of IPv4 where packets leave: another source may need another IPsec policy.
 * @kernel net/netfilter/nf_nat_proto.c:663 (v5.10)
 */
function nf_nat_ipv4_out(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const ret = nf_nat_ipv4_fn(priv, skb, state);
	if (ret !== NF_ACCEPT) return ret;
	if ((IPCB(skb).flags & IPSKB_XFRM_TRANSFORMED) !== 0) return ret;

	const ct = skb._nfct;
	if (ct !== null) {
		const dir = CTINFO2DIR(skb.nfctinfo) as 0 | 1;
		const t = ct.tuplehash_of(dir).tuple;
		const o = ct.tuplehash_of(1 - dir).tuple;
		if (
			t.src_u3_ip !== o.dst_u3_ip ||
			(t.dst_protonum !== IPPROTO_ICMP && t.src_u_all !== o.dst_u_all)
		) {
			const err = nf_xfrm_me_harder(state.net, skb, AF_INET);
			if (err < 0) return NF_DROP_ERR(err);
		}
	}
	return ret;
}

/**
 * NAT hook of IPv4 where local packets begin: another destination needs another route.
 * @kernel net/netfilter/nf_nat_proto.c:700 (v5.10)
 */
function nf_nat_ipv4_local_fn(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const ret = nf_nat_ipv4_fn(priv, skb, state);
	if (ret !== NF_ACCEPT) return ret;

	const ct = skb._nfct;
	if (ct !== null) {
		const dir = CTINFO2DIR(skb.nfctinfo) as 0 | 1;
		const t = ct.tuplehash_of(dir).tuple;
		const o = ct.tuplehash_of(1 - dir).tuple;
		if (t.dst_u3_ip !== o.src_u3_ip) {
			const err = ip_route_me_harder(state.net, state.sk, skb, RTN_UNSPEC);
			if (err < 0) return NF_DROP_ERR(err);
		} else if (
			(IPCB(skb).flags & IPSKB_XFRM_TRANSFORMED) === 0 &&
			t.dst_protonum !== IPPROTO_ICMP &&
			t.dst_u_all !== o.src_u_all
		) {
			const err = nf_xfrm_me_harder(state.net, skb, AF_INET);
			if (err < 0) return NF_DROP_ERR(err);
		}
	}
	return ret;
}

const nf_nat_ipv4_ops: readonly nf_hook_ops[] = [
	{
		hook: nf_nat_ipv4_in,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV4,
		hooknum: NF_INET_PRE_ROUTING,
		priority: NF_IP_PRI_NAT_DST,
	},
	{
		hook: nf_nat_ipv4_out,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV4,
		hooknum: NF_INET_POST_ROUTING,
		priority: NF_IP_PRI_NAT_SRC,
	},
	{
		hook: nf_nat_ipv4_local_fn,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV4,
		hooknum: NF_INET_LOCAL_OUT,
		priority: NF_IP_PRI_NAT_DST,
	},
	{
		hook: nf_nat_ipv4_fn,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV4,
		hooknum: NF_INET_LOCAL_IN,
		priority: NF_IP_PRI_NAT_SRC,
	},
];

/**
 * Registers a chain of NAT rules for IPv4.
 * @returns as nf_nat_register_fn()
 * @kernel net/netfilter/nf_nat_proto.c:767 (v5.10)
 */
export function nf_nat_ipv4_register_fn(net: net, ops: nf_hook_ops): number {
	return nf_nat_register_fn(net, ops.pf, ops, nf_nat_ipv4_ops, nf_nat_ipv4_ops.length);
}

/**
 * Takes a chain of NAT rules for IPv4 out.
 * @kernel net/netfilter/nf_nat_proto.c:774 (v5.10)
 */
export function nf_nat_ipv4_unregister_fn(net: net, ops: nf_hook_ops): void {
	nf_nat_unregister_fn(net, ops.pf, ops, nf_nat_ipv4_ops.length);
}

/**
 * Changes an ICMPv6 error and the packet that it quotes.
 * @param ctinfo IP_CT_RELATED or IP_CT_RELATED_REPLY
 * @param hdrlen of everything before the ICMPv6 header
 * @returns 1, or 0 for one that must be dropped
 * @kernel net/netfilter/nf_nat_proto.c:781 (v5.10)
 */
export function nf_nat_icmpv6_reply_translation(
	skb: sk_buff,
	ct: nf_conn,
	ctinfo: number,
	hooknum: number,
	hdrlen: number,
): number {
	const dir = CTINFO2DIR(ctinfo);
	const manip = HOOK2MANIP(hooknum);
	const other = ct.tuplehash_of(1 - dir).tuple;

	if (ctinfo !== IP_CT_RELATED && ctinfo !== IP_CT_RELATED_REPLY)
		skb.machine.record(
			'WARN',
			'nf_nat_icmpv6_reply_translation',
			`ctinfo ${ctinfo}`,
			skb,
		);

	if (skb_ensure_writable(skb, hdrlen + ICMP6HDR_LEN + IPV6HDR_LEN) !== 0) return 0;
	if (nf_ip6_checksum(skb, hooknum, hdrlen, IPPROTO_ICMPV6) !== 0) return 0;

	if (skb.head[skb.data + hdrlen + ICMP6HDR_type] === NDISC_REDIRECT) {
		if ((ct.status & IPS_NAT_DONE_MASK) !== IPS_NAT_DONE_MASK) return 0;
		if ((ct.status & IPS_NAT_MASK) !== 0) return 0;
	}

	if ((ct.status & nat_statusbit(manip, dir)) === 0) return 1;

	/* The quoted packet went the other way. */
	if (
		!nf_nat_ipv6_manip_pkt(
			skb,
			hdrlen + ICMP6HDR_LEN,
			other,
			manip === NF_NAT_MANIP_SRC ? NF_NAT_MANIP_DST : NF_NAT_MANIP_SRC,
		)
	)
		return 0;

	if (skb.ip_summed !== CHECKSUM_PARTIAL) {
		const h = skb.head;
		const ipv6h = ipv6_hdr(skb);
		const check = skb.data + hdrlen + ICMP6HDR_cksum;
		put_unaligned_be16(0, h, check);
		put_unaligned_be16(
			csum_ipv6_magic(
				h,
				ipv6h + IPV6HDR_saddr,
				h,
				ipv6h + IPV6HDR_daddr,
				skb.len - hdrlen,
				IPPROTO_ICMPV6,
				skb_checksum(skb, hdrlen, skb.len - hdrlen, 0),
			),
			h,
			check,
		);
	}

	/* The error itself. */
	nf_ct_invert_tuple(target, other);
	target.dst_protonum = IPPROTO_ICMPV6;
	if (!nf_nat_ipv6_manip_pkt(skb, 0, target, manip)) return 0;
	return 1;
}

/**
 * NAT hook of IPv6 where packets are delivered.
 * @kernel net/netfilter/nf_nat_proto.c:849 (v5.10)
 */
function nf_nat_ipv6_fn(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const ct = skb._nfct;
	if (ct === null) return NF_ACCEPT;

	const ctinfo = skb.nfctinfo;
	if (ctinfo === IP_CT_RELATED || ctinfo === IP_CT_RELATED_REPLY) {
		pos.nexthdr = skb.head[ipv6_hdr(skb) + IPV6HDR_nexthdr];
		const hdrlen = ipv6_skip_exthdr(skb, IPV6HDR_LEN, pos);

		if (hdrlen >= 0 && pos.nexthdr === IPPROTO_ICMPV6)
			return nf_nat_icmpv6_reply_translation(
				skb,
				ct,
				ctinfo,
				state.hook,
				hdrlen,
			) !== 0
				? NF_ACCEPT
				: NF_DROP;
	}
	return nf_nat_inet_fn(priv, skb, state);
}

/**
 * NAT hook of IPv6 where packets come in: another destination needs another route.
 * @kernel net/netfilter/nf_nat_proto.c:886 (v5.10)
 */
function nf_nat_ipv6_in(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const daddr = ipv6_hdr(skb) + IPV6HDR_daddr;
	const d0 = get_unaligned_be32(skb.head, daddr);
	const d1 = get_unaligned_be32(skb.head, daddr + 4);
	const d2 = get_unaligned_be32(skb.head, daddr + 8);
	const d3 = get_unaligned_be32(skb.head, daddr + 12);
	const ret = nf_nat_ipv6_fn(priv, skb, state);
	if (ret !== NF_DROP && ret !== NF_STOLEN) {
		const now = ipv6_hdr(skb) + IPV6HDR_daddr;
		if (
			d0 !== get_unaligned_be32(skb.head, now) ||
			d1 !== get_unaligned_be32(skb.head, now + 4) ||
			d2 !== get_unaligned_be32(skb.head, now + 8) ||
			d3 !== get_unaligned_be32(skb.head, now + 12)
		)
			skb_dst_drop(skb);
	}
	return ret;
}

/**
 * Tells whether the source of one tuple is the destination of another.
 * @kernel PORT: nf_inet_addr_cmp on two tuples
 */
function src_is_dst(t: nf_conntrack_tuple, o: nf_conntrack_tuple): boolean {
	for (let i = 0; i < 4; i++) if (t.src_u3_word(i) !== o.dst_u3_word(i)) return false;
	return true;
}

/**
 * NAT hook of IPv6 where packets leave: another source may need another IPsec policy.
 * @kernel net/netfilter/nf_nat_proto.c:901 (v5.10)
 */
function nf_nat_ipv6_out(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const ret = nf_nat_ipv6_fn(priv, skb, state);
	if (ret !== NF_ACCEPT) return ret;
	if ((IP6CB(skb).flags & IP6SKB_XFRM_TRANSFORMED) !== 0) return ret;

	const ct = skb._nfct;
	if (ct !== null) {
		const dir = CTINFO2DIR(skb.nfctinfo) as 0 | 1;
		const t = ct.tuplehash_of(dir).tuple;
		const o = ct.tuplehash_of(1 - dir).tuple;
		if (
			!src_is_dst(t, o) ||
			(t.dst_protonum !== IPPROTO_ICMPV6 && t.src_u_all !== o.dst_u_all)
		) {
			const err = nf_xfrm_me_harder(state.net, skb, AF_INET6);
			if (err < 0) return NF_DROP_ERR(err);
		}
	}
	return ret;
}

/**
 * NAT hook of IPv6 where local packets begin: another destination needs another route.
 * @kernel net/netfilter/nf_nat_proto.c:938 (v5.10)
 */
function nf_nat_ipv6_local_fn(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const ret = nf_nat_ipv6_fn(priv, skb, state);
	if (ret !== NF_ACCEPT) return ret;

	const ct = skb._nfct;
	if (ct !== null) {
		const dir = CTINFO2DIR(skb.nfctinfo) as 0 | 1;
		const t = ct.tuplehash_of(dir).tuple;
		const o = ct.tuplehash_of(1 - dir).tuple;
		if (!src_is_dst(o, t)) {
			const err = ip6_route_me_harder(state.net, state.sk, skb);
			if (err < 0) return NF_DROP_ERR(err);
		} else if (
			(IP6CB(skb).flags & IP6SKB_XFRM_TRANSFORMED) === 0 &&
			t.dst_protonum !== IPPROTO_ICMPV6 &&
			t.dst_u_all !== o.src_u_all
		) {
			const err = nf_xfrm_me_harder(state.net, skb, AF_INET6);
			if (err < 0) return NF_DROP_ERR(err);
		}
	}
	return ret;
}

const nf_nat_ipv6_ops: readonly nf_hook_ops[] = [
	{
		hook: nf_nat_ipv6_in,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV6,
		hooknum: NF_INET_PRE_ROUTING,
		priority: NF_IP6_PRI_NAT_DST,
	},
	{
		hook: nf_nat_ipv6_out,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV6,
		hooknum: NF_INET_POST_ROUTING,
		priority: NF_IP6_PRI_NAT_SRC,
	},
	{
		hook: nf_nat_ipv6_local_fn,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV6,
		hooknum: NF_INET_LOCAL_OUT,
		priority: NF_IP6_PRI_NAT_DST,
	},
	{
		hook: nf_nat_ipv6_fn,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV6,
		hooknum: NF_INET_LOCAL_IN,
		priority: NF_IP6_PRI_NAT_SRC,
	},
];

/**
 * Registers a chain of NAT rules for IPv6.
 * @returns as nf_nat_register_fn()
 * @kernel net/netfilter/nf_nat_proto.c:1006 (v5.10)
 */
export function nf_nat_ipv6_register_fn(net: net, ops: nf_hook_ops): number {
	return nf_nat_register_fn(net, ops.pf, ops, nf_nat_ipv6_ops, nf_nat_ipv6_ops.length);
}

/**
 * Takes a chain of NAT rules for IPv6 out.
 * @kernel net/netfilter/nf_nat_proto.c:1013 (v5.10)
 */
export function nf_nat_ipv6_unregister_fn(net: net, ops: nf_hook_ops): void {
	nf_nat_unregister_fn(net, ops.pf, ops, nf_nat_ipv6_ops.length);
}

/**
 * Registers a chain of NAT rules for both IP families.
 * @returns as nf_nat_register_fn(), -EINVAL for a chain of another family
 * @kernel net/netfilter/nf_nat_proto.c:1021 (v5.10)
 */
export function nf_nat_inet_register_fn(net: net, ops: nf_hook_ops): number {
	if (ops.pf !== NFPROTO_INET) {
		net.machine.record('WARN', 'nf_nat_inet_register_fn', `family ${ops.pf}`);
		return -EINVAL;
	}
	let ret = nf_nat_register_fn(
		net,
		NFPROTO_IPV6,
		ops,
		nf_nat_ipv6_ops,
		nf_nat_ipv6_ops.length,
	);
	if (ret !== 0) return ret;

	ret = nf_nat_register_fn(net, NFPROTO_IPV4, ops, nf_nat_ipv4_ops, nf_nat_ipv4_ops.length);
	if (ret !== 0) nf_nat_unregister_fn(net, NFPROTO_IPV6, ops, nf_nat_ipv6_ops.length);
	return ret;
}

/**
 * Takes a chain of NAT rules for both IP families out.
 * @kernel net/netfilter/nf_nat_proto.c:1042 (v5.10)
 */
export function nf_nat_inet_unregister_fn(net: net, ops: nf_hook_ops): void {
	nf_nat_unregister_fn(net, NFPROTO_IPV4, ops, nf_nat_ipv4_ops.length);
	nf_nat_unregister_fn(net, NFPROTO_IPV6, ops, nf_nat_ipv6_ops.length);
}

/**
 * Completes what nf_nat_init() began: lets the NAT core reach the functions that change packets.
 * @returns 0
 * @kernel PORT: nat_hook.manip_pkt of net/netfilter/nf_nat_core.c
 */
export function nf_nat_proto_init(m: Machine): number {
	const { nf_nat_hook } = netfilter_hooks.of(m);
	if (nf_nat_hook !== null) nf_nat_hook.manip_pkt = nf_nat_manip_pkt;
	return 0;
}
