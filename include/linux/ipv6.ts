/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/ipv6.h, base v5.10: per-link settings, the packet's control block, the IPv6 part of a socket.
 *
 * PORT: bit-fields are one field each. The control block does not share memory with those of other layers:
 * IP6CB() makes it at first use and it stays with the pooled sk_buff.
 * Not ported: multicast routing, optimistic DAD, segment routing, mobile IPv6, jumbograms beyond their flag.
 */
import type { sk_buff } from './skbuff.ts';
import type { __be32, in6_addr } from './types.ts';
import type { ctl_table_header } from './sysctl.ts';
import type { sock } from '../net/sock.ts';
import type { inet_sock } from '../net/inet_sock.ts';
import type { ipv6_txoptions } from '../net/ipv6.ts';
import type { ipv6_ac_socklist, ipv6_mc_socklist } from '../net/if_inet6.ts';
import { in6_pktinfo, IPV6HDR_LEN, IPV6HDR_payload_len } from '../uapi/linux/ipv6.ts';
import { AF_INET6 } from './socket.ts';

/**
 * Bytes of an options, routing or fragment header.
 * @param off where it starts
 * @kernel include/linux/ipv6.h:7 (v5.10)
 */
export function ipv6_optlen(p: Uint8Array, off: number): number {
	return (p[off + 1] + 1) << 3;
}

/**
 * Bytes of an authentication header.
 * @param off where it starts
 * @kernel include/linux/ipv6.h:8 (v5.10)
 */
export function ipv6_authlen(p: Uint8Array, off: number): number {
	return (p[off + 1] + 2) << 2;
}

/** Settings of a link, of `all` and of `default`; times in jiffies where C has jiffies. */
export class ipv6_devconf {
	forwarding = 0;
	hop_limit = 0;
	mtu6 = 0;
	accept_ra = 0;
	accept_redirects = 0;
	autoconf = 0;
	dad_transmits = 0;
	rtr_solicits = 0;
	rtr_solicit_interval = 0;
	rtr_solicit_max_interval = 0;
	rtr_solicit_delay = 0;
	force_mld_version = 0;
	mldv1_unsolicited_report_interval = 0;
	mldv2_unsolicited_report_interval = 0;
	use_tempaddr = 0;
	temp_valid_lft = 0;
	temp_prefered_lft = 0;
	regen_max_retry = 0;
	max_desync_factor = 0;
	max_addresses = 0;
	accept_ra_defrtr = 0;
	accept_ra_min_hop_limit = 0;
	accept_ra_pinfo = 0;
	ignore_routes_with_linkdown = 0;
	accept_ra_rtr_pref = 0;
	rtr_probe_interval = 0;
	accept_ra_rt_info_min_plen = 0;
	accept_ra_rt_info_max_plen = 0;
	proxy_ndp = 0;
	accept_source_route = 0;
	accept_ra_from_local = 0;
	disable_ipv6 = 0;
	drop_unicast_in_l2_multicast = 0;
	accept_dad = 0;
	force_tllao = 0;
	ndisc_notify = 0;
	suppress_frag_ndisc = 0;
	accept_ra_mtu = 0;
	drop_unsolicited_na = 0;
	stable_secret: {
		initialized: boolean;
		secret: in6_addr;
	} = { initialized: false, secret: new Uint8Array(16) };
	use_oif_addrs_only = 0;
	keep_addr_on_down = 0;
	seg6_enabled = 0;
	enhanced_dad = 0;
	addr_gen_mode = 0;
	disable_policy = 0;
	ndisc_tclass = 0;
	rpl_seg_enabled = 0;

	sysctl_header: ctl_table_header | null = null;
}

/**
 * Offset of the IPv6 header in skb.head.
 * @kernel include/linux/ipv6.h:93 (v5.10)
 */
export function ipv6_hdr(skb: sk_buff): number {
	return skb.network_header;
}

/**
 * Bytes behind the network header up to the transport header's end, by payload_len.
 * @kernel include/linux/ipv6.h:108 (v5.10)
 */
export function ipv6_transport_len(skb: sk_buff): number {
	const p = skb.network_header + IPV6HDR_payload_len;
	return (
		((skb.head[p] << 8) | skb.head[p + 1]) +
		IPV6HDR_LEN -
		(skb.transport_header - skb.network_header)
	);
}

/** What parsing the extension headers found; offsets from the network header. */
export class inet6_skb_parm {
	iif = 0;
	/** Value of the router alert option, network order. */
	ra = 0;
	dst0 = 0;
	srcrt = 0;
	dst1 = 0;
	lastopt = 0;
	/** Offset of the byte that names the next header to process. */
	nhoff = 0;
	flags = 0;
	frag_max_size = 0;

	/** Forgets everything. */
	clear(): void {
		this.iif = 0;
		this.ra = 0;
		this.dst0 = 0;
		this.srcrt = 0;
		this.dst1 = 0;
		this.lastopt = 0;
		this.nhoff = 0;
		this.flags = 0;
		this.frag_max_size = 0;
	}

	/** Becomes a copy of another. */
	assign(o: inet6_skb_parm): void {
		this.iif = o.iif;
		this.ra = o.ra;
		this.dst0 = o.dst0;
		this.srcrt = o.srcrt;
		this.dst1 = o.dst1;
		this.lastopt = o.lastopt;
		this.nhoff = o.nhoff;
		this.flags = o.flags;
		this.frag_max_size = o.frag_max_size;
	}
}

export const IP6SKB_XFRM_TRANSFORMED = 1;
export const IP6SKB_FORWARDED = 2;
export const IP6SKB_REROUTED = 4;
export const IP6SKB_ROUTERALERT = 8;
export const IP6SKB_FRAGMENTED = 16;
export const IP6SKB_HOPBYHOP = 32;
export const IP6SKB_L3SLAVE = 64;
export const IP6SKB_JUMBOGRAM = 128;

/**
 * Tells whether a packet came in by a port of a VRF.
 * @param flags of the control block
 * @kernel include/linux/ipv6.h:144 (v5.10)
 */
export function ipv6_l3mdev_skb(flags: number): boolean {
	return (flags & IP6SKB_L3SLAVE) !== 0;
}

/**
 * The IPv6 control block of a packet.
 * @kernel include/linux/ipv6.h:155 (v5.10)
 */
export function IP6CB(skb: sk_buff): inet6_skb_parm {
	const cb = skb.ip6cb;
	if (cb !== null) return cb;
	return (skb.ip6cb = new inet6_skb_parm());
}

/**
 * Zeroes a control block.
 * @kernel PORT: memset(IP6CB(skb), 0, sizeof(struct inet6_skb_parm))
 */
export function memset_IP6CB(skb: sk_buff): void {
	const cb = IP6CB(skb);
	cb.iif = 0;
	cb.ra = 0;
	cb.dst0 = 0;
	cb.srcrt = 0;
	cb.dst1 = 0;
	cb.lastopt = 0;
	cb.nhoff = 0;
	cb.flags = 0;
	cb.frag_max_size = 0;
}

/**
 * Index of the interface a packet came in by; the port's for VRF ports.
 * @kernel include/linux/ipv6.h:158 (v5.10)
 */
export function inet6_iif(skb: sk_buff): number {
	const cb = IP6CB(skb);
	return ipv6_l3mdev_skb(cb.flags) ? skb.skb_iif : cb.iif;
}

/**
 * Index of the VRF port a packet came in by, 0 when it did not.
 * @kernel include/linux/ipv6.h:171 (v5.10)
 */
export function inet6_sdif(skb: sk_buff): number {
	const cb = IP6CB(skb);
	return ipv6_l3mdev_skb(cb.flags) ? cb.iif : 0;
}

/** What a corked socket keeps for its next packet. */
export class inet6_cork {
	opt: ipv6_txoptions | null = null;
	hop_limit = 0;
	tclass = 0;
}

/** Flags of what recvmsg() shall report. */
export class ipv6_rxopt_bits {
	srcrt = 0;
	osrcrt = 0;
	rxinfo = 0;
	rxoinfo = 0;
	rxhlim = 0;
	rxohlim = 0;
	hopopts = 0;
	ohopopts = 0;
	dstopts = 0;
	odstopts = 0;
	rxflow = 0;
	rxtclass = 0;
	rxpmtu = 0;
	rxorigdstaddr = 0;
	recvfragsize = 0;
}

/** IPv6 part of a socket. */
export class ipv6_pinfo {
	readonly saddr: in6_addr = new Uint8Array(16);
	readonly sticky_pktinfo = new in6_pktinfo();
	/** Address the cached route was made for: the socket's own array, or null. */
	daddr_cache: in6_addr | null = null;

	/** Network order. */
	flow_label: __be32 = 0 as __be32;
	frag_size = 0;

	/** -1: the route's; :9 signed */
	hop_limit = 0;
	mcast_hops = 0;
	mc_loop = 0;
	ucast_oif = 0;
	mcast_oif = 0;

	readonly rxopt: { readonly bits: ipv6_rxopt_bits } = { bits: new ipv6_rxopt_bits() };

	recverr = 0;
	sndflow = 0;
	repflow = 0;
	/** IPV6_PMTUDISC_* */
	pmtudisc = 0;
	/** IPV6_PREFER_SRC_*, 3 bits */
	srcprefs = 0;
	dontfrag = 0;
	autoflowlabel = 0;
	autoflowlabel_set = 0;
	mc_all = 0;
	recverr_rfc4884 = 0;
	rtalert_isolate = 0;
	min_hopcount = 0;
	tclass = 0;
	rcv_flowinfo: __be32 = 0 as __be32;

	dst_cookie = 0;
	rx_dst_cookie = 0;

	ipv6_mc_list: ipv6_mc_socklist | null = null;
	ipv6_ac_list: ipv6_ac_socklist | null = null;

	opt: ipv6_txoptions | null = null;
	pktoptions: sk_buff | null = null;
	rxpmtu: sk_buff | null = null;
	readonly cork = new inet6_cork();
}

/**
 * The IPv6 part of a socket; null for IPv4, request and time-wait sockets.
 * @kernel include/linux/ipv6.h:327 (v5.10)
 */
export function inet6_sk(sk: sock): ipv6_pinfo | null {
	/* PORT: request and time-wait sockets have no such field, which stands for sk_fullsock() */
	return (sk as inet_sock).pinet6 ?? null;
}

/**
 * Tells whether a socket takes IPv6 only.
 * @kernel include/linux/ipv6.h:338 (v5.10)
 */
export function ipv6_only_sock(sk: sock): boolean {
	return sk.sk_ipv6only;
}

/**
 * Tells whether a socket wants the destination address reported.
 * @kernel include/linux/ipv6.h:339 (v5.10)
 */
export function ipv6_sk_rxinfo(sk: sock): boolean {
	return sk.sk_family === AF_INET6 && inet6_sk(sk)!.rxopt.bits.rxinfo !== 0;
}

/**
 * The address an IPv6 socket is bound to, null for an IPv4 socket.
 * @kernel include/linux/ipv6.h:342 (v5.10)
 */
export function inet6_rcv_saddr(sk: sock): in6_addr | null {
	return sk.sk_family === AF_INET6 ? sk.sk_v6_rcv_saddr : null;
}
