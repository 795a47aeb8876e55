/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/inet_sock.h, base v5.10: sockets of the Internet families, IP options, corked sends.
 *
 * PORT: inet_request_sock is in include/net/request_sock.ts. The flow of a corked send is two fields instead of a union of families.
 * Inlines over l3mdev live in net/ipv4/af_inet.ts.
 */
import type { dst_entry } from './dst.ts';
import type { net } from './net_namespace.ts';
import type { ipv6_pinfo } from '../linux/ipv6.ts';
import type { flowi6 } from './flow.ts';
import { U32_ZERO } from '../linux/types.ts';
import type { __be16, __be32 } from '../linux/types.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import { jhash_3words } from '../linux/jhash.ts';
import { flowi4, FLOWI_FLAG_ANYSRC } from './flow.ts';
import type { request_sock } from './request_sock.ts';
import { sock, type proto, type sock_common } from './sock.ts';
import { TCP_NEW_SYN_RECV } from './tcp_states.ts';

/** Parsed IP options; positions count from the start of the IP header, 0 for absent. */
export class ip_options {
	/** First destination of a source route, network order. */
	faddr: __be32 = 0 as __be32;
	nexthop: __be32 = 0 as __be32;
	/** Bytes of all options, a multiple of 4. */
	optlen = 0;
	srr = 0;
	rr = 0;
	ts = 0;
	is_strictroute = false;
	srr_is_hit = false;
	is_changed = false;
	rr_needaddr = false;
	ts_needtime = false;
	ts_needaddr = false;
	router_alert = 0;
	cipso = 0;
	/** Option bytes when they are kept apart from a packet. */
	__data: Uint8Array | null = null;

	/** Forgets everything; without options there is nothing. */
	clear(): void {
		if (this.optlen === 0) return;
		this.faddr = 0 as __be32;
		this.nexthop = 0 as __be32;
		this.optlen = 0;
		this.srr = 0;
		this.rr = 0;
		this.ts = 0;
		this.is_strictroute = false;
		this.srr_is_hit = false;
		this.is_changed = false;
		this.rr_needaddr = false;
		this.ts_needtime = false;
		this.ts_needaddr = false;
		this.router_alert = 0;
		this.cipso = 0;
	}

	/** Becomes a copy of another, but for `__data`. */
	assign(o: ip_options): void {
		if (o.optlen === 0 && this.optlen === 0) return;
		this.faddr = o.faddr;
		this.nexthop = o.nexthop;
		this.optlen = o.optlen;
		this.srr = o.srr;
		this.rr = o.rr;
		this.ts = o.ts;
		this.is_strictroute = o.is_strictroute;
		this.srr_is_hit = o.srr_is_hit;
		this.is_changed = o.is_changed;
		this.rr_needaddr = o.rr_needaddr;
		this.ts_needtime = o.ts_needtime;
		this.ts_needaddr = o.ts_needaddr;
		this.router_alert = o.router_alert;
		this.cipso = o.cipso;
	}
}

/** Options that a socket or a request holds. */
export class ip_options_rcu {
	readonly opt = new ip_options();

	/** Options with room for 40 bytes of their own. */
	constructor() {
		this.opt.__data = new Uint8Array(40);
	}
}

/* inet_cork.flags */
export const IPCORK_OPT = 1;
export const IPCORK_ALLFRAG = 2;

/** What the pieces of one datagram have in common while it is put together. */
export class inet_cork {
	flags = 0;
	addr: __be32 = 0 as __be32;
	opt: ip_options | null = null;
	fragsize = 0;
	/** Bytes queued so far. */
	length = 0;
	/** Holds a reference. */
	dst: dst_entry | null = null;
	tx_flags = 0;
	ttl = 0;
	/** -1: the socket's. */
	tos = -1;
	/** Packet priority that goes with tos. */
	priority = 0;
	gso_size = 0;
	transmit_time = 0;
	mark = 0;
}

/** A corked send with its flow. */
export class inet_cork_full {
	readonly base = new inet_cork();
	readonly fl4 = new flowi4();
	fl6: flowi6 | null = null;
}

/* inet_sock.cmsg_flags */
export const IP_CMSG_PKTINFO = 1 << 0;
export const IP_CMSG_TTL = 1 << 1;
export const IP_CMSG_TOS = 1 << 2;
export const IP_CMSG_RECVOPTS = 1 << 3;
export const IP_CMSG_RETOPTS = 1 << 4;
export const IP_CMSG_PASSSEC = 1 << 5;
export const IP_CMSG_ORIGDSTADDR = 1 << 6;
export const IP_CMSG_CHECKSUM = 1 << 7;
export const IP_CMSG_RECVFRAGSIZE = 1 << 8;

/** A socket of AF_INET or AF_INET6. */
export class inet_sock extends sock {
	/** IPv6 half; null on an AF_INET socket. */
	pinet6: ipv6_pinfo | null = null;
	/** Source address to send from, network order. */
	inet_saddr: __be32 = U32_ZERO as __be32;
	/** -1: the route's. */
	uc_ttl = -1;
	/** IP_CMSG_* */
	cmsg_flags = 0;
	inet_sport: __be16 = 0 as __be16;
	/** Next IP id of a connected socket. */
	inet_id = 0;
	inet_opt: ip_options_rcu | null = null;
	rx_dst_ifindex = 0;
	tos = 0;
	min_ttl = 0;
	mc_ttl = 1;
	/** IP_PMTUDISC_* */
	pmtudisc = 0;
	recverr = false;
	is_icsk = false;
	freebind = false;
	hdrincl = false;
	mc_loop = true;
	transparent = false;
	mc_all = true;
	nodefrag = false;
	bind_address_no_port = false;
	defer_connect = false;
	rcv_tos = 0;
	convert_csum = 0;
	uc_index = 0;
	mc_index = 0;
	mc_addr: __be32 = 0 as __be32;
	readonly cork = new inet_cork_full();

	/**
	 * @param net namespace it lives in
	 * @param prot its protocol
	 */
	constructor(net: net, prot: proto) {
		super(net, prot);
	}

	get inet_daddr(): __be32 {
		return this.sk_daddr;
	}
	set inet_daddr(v: __be32) {
		this.sk_daddr = v;
	}
	get inet_rcv_saddr(): __be32 {
		return this.sk_rcv_saddr;
	}
	set inet_rcv_saddr(v: __be32) {
		this.sk_rcv_saddr = v;
	}
	get inet_dport(): __be16 {
		return this.sk_dport;
	}
	set inet_dport(v: __be16) {
		this.sk_dport = v;
	}
	/** Bound port, host order. */
	get inet_num(): number {
		return this.sk_num;
	}
	set inet_num(v: number) {
		this.sk_num = v;
	}
}

/**
 * Mark that a connection from this packet gets.
 * @kernel include/net/inet_sock.h:108 (v5.10)
 */
export function inet_request_mark(sk: sock, skb: sk_buff): number {
	if (sk.sk_mark === 0 && sk.sk_net.ipv4.sysctl_tcp_fwmark_accept !== 0) return skb.mark;
	return sk.sk_mark;
}

/**
 * Tells whether a socket bound to an interface takes packets of another.
 * @param l3mdev_accept unbound sockets take packets from inside a VRF
 * @param bound_dev_if interface the socket is bound to, 0 for none
 * @param dif interface the packet came in by, or its VRF
 * @param sdif enslaved interface the packet came in by, 0 when there is no VRF
 * @kernel include/net/inet_sock.h:142 (v5.10)
 */
export function inet_bound_dev_eq(
	l3mdev_accept: boolean,
	bound_dev_if: number,
	dif: number,
	sdif: number,
): boolean {
	if (bound_dev_if === 0) return sdif === 0 || l3mdev_accept;
	return bound_dev_if === dif || bound_dev_if === sdif;
}

/**
 * The listener of a request, any other socket itself.
 * @kernel include/net/inet_sock.h:263 (v5.10)
 */
export function sk_to_full_sk(sk: sock | null): sock | null {
	if (sk !== null && sk.sk_state === TCP_NEW_SYN_RECV)
		return (sk as sock_common as request_sock).rsk_listener;
	return sk;
}

/**
 * The full socket behind a packet.
 * @kernel include/net/inet_sock.h:282 (v5.10)
 */
export function skb_to_full_sk(skb: sk_buff): sock | null {
	return sk_to_full_sk(skb.sk);
}

/**
 * The Internet half of a socket.
 * @kernel include/net/inet_sock.h:287 (v5.10)
 */
export function inet_sk(sk: sock): inet_sock {
	return sk as inet_sock;
}

/**
 * State of a socket.
 * @kernel include/net/inet_sock.h:309 (v5.10)
 */
export function inet_sk_state_load(sk: sock): number {
	return sk.sk_state;
}

/**
 * Hash of a connection's four-tuple.
 * @kernel include/net/inet_sock.h:327 (v5.10)
 */
export function __inet_ehashfn(
	laddr: number,
	lport: number,
	faddr: number,
	fport: number,
	initval: number,
): number {
	return jhash_3words(laddr, faddr, (lport << 16) | fport, initval);
}

/**
 * Flow flags of what a socket sends.
 * @returns FLOWI_FLAG_*
 * @kernel include/net/inet_sock.h:343 (v5.10)
 */
export function inet_sk_flowi_flags(sk: sock): number {
	const inet = inet_sk(sk);
	return inet.transparent || inet.hdrincl ? FLOWI_FLAG_ANYSRC : 0;
}

/**
 * Tells whether received packets get their checksum completed.
 * @kernel include/net/inet_sock.h:363 (v5.10)
 */
export function inet_get_convert_csum(sk: sock): boolean {
	return inet_sk(sk).convert_csum !== 0;
}

/**
 * Tells whether a socket may bind to an address that is not ours.
 * @kernel include/net/inet_sock.h:369 (v5.10)
 */
export function inet_can_nonlocal_bind(net: net, inet: inet_sock): boolean {
	return net.ipv4.sysctl_ip_nonlocal_bind !== 0 || inet.freebind || inet.transparent;
}
