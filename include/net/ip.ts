/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/ip.h, base v5.10: the IPv4 control block, cookies of sends, header helpers.
 *
 * PORT: header helpers take the buffer and the offset of the IP header. IPCB() makes the block at
 * first use; where C clears it by memset, IPCB_clear() does.
 * Inlines that need a .c file live there: ip_options_echo in ip_options.ts, icmp and route ones likewise.
 * The macros that count are in snmp.ts.
 * Not ported: InfiniBand and tunnel multicast address maps; GRO.
 */
import { U32_ZERO } from '../linux/types.ts';
import type { net } from './net_namespace.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import type { __be32 } from '../linux/types.ts';
import type { dst_entry } from './dst.ts';
import { IP_MAX_MTU, RT_TOS, RTO_ONLINK, type rtable } from './route.ts';
import { dst_metric_locked, dst_metric_raw, dst_mtu, RTAX_MTU } from './dst.ts';
import { HZ } from '../linux/machine.ts';
import { get_unaligned_be32 } from '../linux/byteorder/generic.ts';
import { jhash_1word } from '../linux/jhash.ts';
import { csum_tcpudp_nofold } from './checksum.ts';
import { FLOWI_FLAG_ANYSRC } from './flow.ts';
import { inet_sk, ip_options, type inet_sock, type ip_options_rcu } from './inet_sock.ts';
import { sk_fullsock, sock_flag, SOCK_LOCALROUTE, sockcm_cookie, type sock } from './sock.ts';
import { AF_INET6 } from '../linux/socket.ts';
import {
	IP_PMTUDISC_DO,
	IP_PMTUDISC_INTERFACE,
	IP_PMTUDISC_OMIT,
	IP_PMTUDISC_PROBE,
	IP_PMTUDISC_WANT,
} from '../uapi/linux/in.ts';
import {
	IPHDR_check,
	IPHDR_daddr,
	IPHDR_frag_off,
	IPHDR_saddr,
	IPHDR_ttl,
} from '../uapi/linux/ip.ts';

export const IPV4_MAX_PMTU = 65535;
export const IPV4_MIN_MTU = 68;

/* inet_skb_parm.flags */
export const IPSKB_FORWARDED = 1 << 0;
export const IPSKB_XFRM_TUNNEL_SIZE = 1 << 1;
export const IPSKB_XFRM_TRANSFORMED = 1 << 2;
export const IPSKB_FRAG_COMPLETE = 1 << 3;
export const IPSKB_REROUTED = 1 << 4;
export const IPSKB_DOREDIRECT = 1 << 5;
export const IPSKB_FRAG_PMTU = 1 << 6;
export const IPSKB_L3SLAVE = 1 << 7;

/* fragment field of the header */
export const IP_CE = 0x8000;
export const IP_DF = 0x4000;
export const IP_MF = 0x2000;
export const IP_OFFSET = 0x1fff;

/** Jiffies that fragments wait for the rest. */
export const IP_FRAG_TIME = 30 * HZ;

/* enum ip_defrag_users */
export const IP_DEFRAG_LOCAL_DELIVER = 0;
export const IP_DEFRAG_CALL_RA_CHAIN = 1;
export const IP_DEFRAG_CONNTRACK_IN = 2;
export const __IP_DEFRAG_CONNTRACK_IN_END = IP_DEFRAG_CONNTRACK_IN + 0xffff;
export const IP_DEFRAG_CONNTRACK_OUT = __IP_DEFRAG_CONNTRACK_IN_END + 1;
export const __IP_DEFRAG_CONNTRACK_OUT_END = IP_DEFRAG_CONNTRACK_OUT + 0xffff;
export const IP_DEFRAG_CONNTRACK_BRIDGE_IN = __IP_DEFRAG_CONNTRACK_OUT_END + 1;
export const __IP_DEFRAG_CONNTRACK_BRIDGE_IN = IP_DEFRAG_CONNTRACK_BRIDGE_IN + 0xffff;
export const IP_DEFRAG_VS_IN = __IP_DEFRAG_CONNTRACK_BRIDGE_IN + 1;
export const IP_DEFRAG_VS_OUT = IP_DEFRAG_VS_IN + 1;
export const IP_DEFRAG_VS_FWD = IP_DEFRAG_VS_OUT + 1;
export const IP_DEFRAG_AF_PACKET = IP_DEFRAG_VS_FWD + 1;
export const IP_DEFRAG_MACVLAN = IP_DEFRAG_AF_PACKET + 1;

/** Control block of an IPv4 packet. */
export class inet_skb_parm {
	/** Interface the packet came in by before a VRF took it over; ipi_ifindex of PKTINFO_SKB_CB(skb). */
	iif = 0;
	readonly opt = new ip_options();
	flags = 0;
	/** Largest fragment of what was put together, bytes. */
	frag_max_size = 0;
	/** PKTINFO_SKB_CB(skb), of which ipi_ifindex is `iif` in C too: valid on a socket's receive queue. */
	ipi_spec_dst: __be32 = 0 as __be32;

	/** Forgets everything. */
	clear(): void {
		this.iif = 0;
		this.opt.clear();
		this.flags = 0;
		this.frag_max_size = 0;
		this.ipi_spec_dst = 0 as __be32;
	}

	/** Becomes a copy of another. */
	assign(o: inet_skb_parm): void {
		this.iif = o.iif;
		this.opt.assign(o.opt);
		this.flags = o.flags;
		this.frag_max_size = o.frag_max_size;
		this.ipi_spec_dst = o.ipi_spec_dst;
	}
}

/** How one datagram is to be sent. */
export class ipcm_cookie {
	readonly sockc = new sockcm_cookie();
	addr: __be32 = 0 as __be32;
	oif = 0;
	opt: ip_options_rcu | null = null;
	ttl = 0;
	/** -1: the socket's. */
	tos = -1;
	priority = 0;
	gso_size = 0;
}

/** What the answer to a packet needs besides its bytes. */
export class ip_reply_arg {
	/** PORT: iov[0]: the bytes after the IP header. */
	data: Uint8Array = new Uint8Array(0);
	flags = 0;
	csum = U32_ZERO;
	/** In 16-bit words from the start of data; -1 for none. */
	csumoffset = -1;
	bound_dev_if = 0;
	tos = 0;
	uid = 0;
}
export const IP_REPLY_ARG_NOSRCCHECK = 1;

/** Where a walk over the fragment list of a packet stands that is cut along it. */
export class ip_fraglist_iter {
	frag: sk_buff | null = null;
	/** Offset of the IP header in the head of the packet it was taken from. */
	iph = 0;
	iph_head: Uint8Array;
	offset = 0;
	hlen = 0;

	/** @param head buffer with the IP header to copy */
	constructor(head: Uint8Array) {
		this.iph_head = head;
	}
}

/** Where the cutting of a packet into fragments stands. */
export class ip_frag_state {
	DF = false;
	hlen = 0;
	ll_rs = 0;
	/** Payload bytes a fragment. */
	mtu = 0;
	left = 0;
	offset = 0;
	ptr = 0;
	not_last_frag = 0;
}

/**
 * Tells whether a packet came through an interface enslaved to a VRF.
 * @param flags IPSKB_*
 * @kernel include/net/ip.h:61 (v5.10)
 */
export function ipv4_l3mdev_skb(flags: number): boolean {
	return (flags & IPSKB_L3SLAVE) !== 0;
}

/**
 * Length of a packet's IP header.
 * @kernel include/net/ip.h:66 (v5.10)
 */
export function ip_hdrlen(skb: sk_buff): number {
	return (skb.head[skb.network_header] & 0xf) * 4;
}

/**
 * Clears the control block of an IPv4 packet.
 * @kernel PORT: memset(IPCB(skb), 0, sizeof(struct inet_skb_parm))
 */
export function IPCB_clear(skb: sk_buff): void {
	if (skb.ipcb === null) skb.ipcb = new inet_skb_parm();
	else skb.ipcb.clear();
}

/**
 * Sets up a cookie without a socket.
 * @kernel include/net/ip.h:82 (v5.10)
 */
export function ipcm_init(ipcm: ipcm_cookie): void {
	ipcm.sockc.transmit_time = 0;
	ipcm.sockc.mark = 0;
	ipcm.sockc.tsflags = 0;
	ipcm.addr = 0 as __be32;
	ipcm.oif = 0;
	ipcm.opt = null;
	ipcm.ttl = 0;
	ipcm.tos = -1;
	ipcm.priority = 0;
	ipcm.gso_size = 0;
}

/**
 * Sets up a cookie from a socket's settings.
 * @kernel include/net/ip.h:87 (v5.10)
 */
export function ipcm_init_sk(ipcm: ipcm_cookie, inet: inet_sock): void {
	ipcm_init(ipcm);
	ipcm.sockc.mark = inet.sk_mark;
	ipcm.sockc.tsflags = inet.sk_tsflags;
	ipcm.oif = inet.sk_bound_dev_if;
	ipcm.addr = inet.inet_saddr;
}

/**
 * The control block of an IPv4 packet.
 * @kernel include/net/ip.h:98 (v5.10)
 */
export function IPCB(skb: sk_buff): inet_skb_parm {
	let cb = skb.ipcb;
	if (cb === null) {
		cb = new inet_skb_parm();
		skb.ipcb = cb;
	}
	return cb;
}

/**
 * Interface a packet came in by that is enslaved to a VRF.
 * @returns interface index, 0 when there is none
 * @kernel include/net/ip.h:102 (v5.10)
 */
export function inet_sdif(skb: sk_buff | null): number {
	if (skb === null || skb.ipcb === null) return 0;
	return ipv4_l3mdev_skb(skb.ipcb.flags) ? skb.ipcb.iif : 0;
}

/**
 * Type of service a datagram is routed by.
 * @kernel include/net/ip.h:242 (v5.10)
 */
export function get_rttos(ipc: ipcm_cookie, inet: inet_sock): number {
	return RT_TOS(ipc.tos !== -1 ? ipc.tos : inet.tos);
}

/**
 * Type of service and on-link flag that a socket's packets are routed by.
 * @kernel include/net/route.h:43 (v5.10)
 */
export function RT_CONN_FLAGS(sk: sock): number {
	return RT_CONN_FLAGS_TOS(sk, inet_sk(sk).tos);
}

/**
 * Type of service and on-link flag that a packet of a socket is routed by.
 * @kernel include/net/route.h:44 (v5.10)
 */
export function RT_CONN_FLAGS_TOS(sk: sock, tos: number): number {
	return RT_TOS(tos) | (sock_flag(sk, SOCK_LOCALROUTE) ? RTO_ONLINK : 0);
}

/**
 * Type of service and on-link flag a datagram is routed by.
 * @kernel include/net/ip.h:247 (v5.10)
 */
export function get_rtconn_flags(ipc: ipcm_cookie, sk: sock): number {
	return ipc.tos !== -1 ? RT_CONN_FLAGS_TOS(sk, ipc.tos) : RT_CONN_FLAGS(sk);
}

/**
 * Flow flags of an answer.
 * @returns FLOWI_FLAG_ANYSRC or 0
 * @kernel include/net/ip.h:271 (v5.10)
 */
export function ip_reply_arg_flowi_flags(arg: ip_reply_arg): number {
	return (arg.flags & IP_REPLY_ARG_NOSRCCHECK) !== 0 ? FLOWI_FLAG_ANYSRC : 0;
}

/**
 * Tells whether automatic port choice must keep off a port.
 * @param port host order
 * @kernel include/net/ip.h:339 (v5.10)
 */
export function inet_is_local_reserved_port(net: net, port: number): boolean {
	const set = net.ipv4.sysctl_local_reserved_ports;
	return set !== null && set.has(port);
}

/**
 * Tells whether binding to a port takes privileges.
 * @param port host order
 * @kernel include/net/ip.h:351 (v5.10)
 */
export function inet_port_requires_bind_service(net: net, port: number): boolean {
	return port < net.ipv4.sysctl_ip_prot_sock;
}

/**
 * Mark of an answer to a marked packet.
 * @kernel include/net/ip.h:379 (v5.10)
 */
export function IP4_REPLY_MARK(net: net, mark: number): number {
	return net.ipv4.sysctl_fwmark_reflect !== 0 ? mark : 0;
}

/**
 * Tells whether a header belongs to a fragment.
 * @param view of the buffer
 * @param iph offset of the IP header
 * @kernel include/net/ip.h:382 (v5.10)
 */
export function ip_is_fragment(view: DataView, iph: number): boolean {
	return (view.getUint16(iph + IPHDR_frag_off) & (IP_MF | IP_OFFSET)) !== 0;
}

/**
 * Takes one off the TTL and mends the checksum.
 * @param view of the buffer
 * @param iph offset of the IP header
 * @returns the new TTL
 * @kernel include/net/ip.h:393 (v5.10)
 */
export function ip_decrease_ttl(view: DataView, iph: number): number {
	/* PORT: the C adds on the bytes as they lie in memory; the carry past 16 bits comes out the same. */
	let check = view.getUint16(iph + IPHDR_check) + 0x0100;
	if (check >= 0xffff) check++;
	view.setUint16(iph + IPHDR_check, check);
	const ttl = (view.getUint8(iph + IPHDR_ttl) - 1) & 0xff;
	view.setUint8(iph + IPHDR_ttl, ttl);
	return ttl;
}

/**
 * Tells whether the path MTU of a route must not change.
 * @kernel include/net/ip.h:401 (v5.10)
 */
export function ip_mtu_locked(dst: dst_entry): boolean {
	return (dst as rtable).rt_mtu_locked || dst_metric_locked(dst, RTAX_MTU);
}

/**
 * Tells whether what a socket sends on a route carries the don't-fragment bit.
 * @kernel include/net/ip.h:409 (v5.10)
 */
export function ip_dont_fragment(sk: sock, dst: dst_entry): boolean {
	const pmtudisc = inet_sk(sk).pmtudisc;
	return (
		pmtudisc === IP_PMTUDISC_DO ||
		(pmtudisc === IP_PMTUDISC_WANT && !ip_mtu_locked(dst))
	);
}

/**
 * Tells whether a socket believes in "fragmentation needed".
 * @kernel include/net/ip.h:418 (v5.10)
 */
export function ip_sk_accept_pmtu(sk: sock): boolean {
	const p = inet_sk(sk).pmtudisc;
	return p !== IP_PMTUDISC_INTERFACE && p !== IP_PMTUDISC_OMIT;
}

/**
 * Tells whether a socket sends by the path MTU rather than the device's.
 * @kernel include/net/ip.h:424 (v5.10)
 */
export function ip_sk_use_pmtu(sk: sock): boolean {
	return inet_sk(sk).pmtudisc < IP_PMTUDISC_PROBE;
}

/**
 * Tells whether a socket's datagrams may be cut in spite of the don't-fragment bit.
 * @kernel include/net/ip.h:429 (v5.10)
 */
export function ip_sk_ignore_df(sk: sock): boolean {
	const p = inet_sk(sk).pmtudisc;
	return p < IP_PMTUDISC_DO || p === IP_PMTUDISC_OMIT;
}

/**
 * MTU of a route for packets of our own or forwarded ones, bytes.
 * @kernel include/net/ip.h:435 (v5.10)
 */
export function ip_dst_mtu_maybe_forward(dst: dst_entry, forwarding: boolean): number {
	const dev = dst.dev!;
	if (dev.nd_net.ipv4.sysctl_ip_fwd_use_pmtu !== 0 || ip_mtu_locked(dst) || !forwarding)
		return dst_mtu(dst);
	const mtu = dst_metric_raw(dst, RTAX_MTU);
	if (mtu !== 0) return mtu;
	return Math.min(dev.mtu, IP_MAX_MTU);
}

/**
 * MTU that a packet must fit, bytes.
 * @kernel include/net/ip.h:454 (v5.10)
 */
export function ip_skb_dst_mtu(sk: sock | null, skb: sk_buff): number {
	const dst = skb._dst!;
	if (sk === null || !sk_fullsock(sk) || ip_sk_use_pmtu(sk)) {
		const forwarding = skb.ipcb !== null && (skb.ipcb.flags & IPSKB_FORWARDED) !== 0;
		return ip_dst_mtu_maybe_forward(dst, forwarding);
	}
	return Math.min(dst.dev!.mtu, IP_MAX_MTU);
}

/**
 * Sum of the pseudo header of a packet, not folded.
 * @param proto IPPROTO_*
 * @kernel include/net/ip.h:528 (v5.10)
 */
export function inet_compute_pseudo(skb: sk_buff, proto: number): number {
	const iph = skb.network_header;
	return csum_tcpudp_nofold(
		get_unaligned_be32(skb.head, iph + IPHDR_saddr),
		get_unaligned_be32(skb.head, iph + IPHDR_daddr),
		skb.len,
		proto,
		0,
	);
}

/**
 * Ethernet address of a multicast group.
 * @param naddr group, network order
 * @param buf 6 bytes to fill
 * @kernel include/net/ip.h:560 (v5.10)
 */
export function ip_eth_mc_map(naddr: number, buf: Uint8Array): void {
	buf[0] = 0x01;
	buf[1] = 0x00;
	buf[2] = 0x5e;
	buf[3] = (naddr >>> 16) & 0x7f;
	buf[4] = naddr >>> 8;
	buf[5] = naddr;
}

/**
 * Forgets the local address that a connection chose.
 * @kernel include/net/ip.h:621 (v5.10)
 */
export function inet_reset_saddr(sk: sock): void {
	const inet = inet_sk(sk);
	inet.inet_rcv_saddr = inet.inet_saddr = 0 as __be32;
	if (sk.sk_family === AF_INET6) {
		inet.pinet6!.saddr.fill(0);
		sk.sk_v6_rcv_saddr.fill(0);
	}
}

/**
 * Hash of a namespace, mixed into socket hashes.
 * @kernel PORT: include/net/netns/hash.h net_hash_mix
 */
export function net_hash_mix(net: net): number {
	return net.hash_mix;
}

/**
 * Hash of an address and a port.
 * @param port host order
 * @kernel include/net/ip.h:641 (v5.10)
 */
export function ipv4_portaddr_hash(net: net, saddr: number, port: number): number {
	return (jhash_1word(saddr, net_hash_mix(net)) ^ port) >>> 0;
}

/**
 * Tells whether a defragmentation belongs to a range of users.
 * @param user IP_DEFRAG_*
 * @kernel include/net/ip.h:673 (v5.10)
 */
export function ip_defrag_user_in_between(
	user: number,
	lower_bond: number,
	upper_bond: number,
): boolean {
	return user >= lower_bond && user <= upper_bond;
}

/**
 * Tells whether IPv4 can work with a device MTU.
 * @kernel include/net/ip.h:760 (v5.10)
 */
export function inetdev_valid_mtu(mtu: number): boolean {
	return mtu >= IPV4_MIN_MTU;
}
