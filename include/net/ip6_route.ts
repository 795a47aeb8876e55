/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/ip6_route.h, base v5.10: lookup flags and small questions about a destination.
 *
 * PORT: inlines that need net/ live there: ip6_route_output(), ip6_route_get_saddr(), ip6_dst_store() in
 * net/ipv6/route.ts, ip6_rt_put() and ip6_rt_put_flags() in net/ipv6/ip6_fib.ts.
 */
import type { sk_buff } from '../linux/skbuff.ts';
import type { sock } from './sock.ts';
import type { net } from './net_namespace.ts';
import type { nlmsg } from './netlink.ts';
import { fib_dump_filter } from './ip_fib.ts';
import type { dst_entry } from './dst.ts';
import type { in6_addr } from '../linux/types.ts';
import { dst_metric_locked, dst_metric_raw, dst_mtu, RTAX_MTU } from './dst.ts';
import { inet6_sk } from '../linux/ipv6.ts';
import { IPV6_MIN_MTU, IPV6HDR_LEN } from '../uapi/linux/ipv6.ts';
import { IPV6_PMTUDISC_DO, IPV6_PMTUDISC_INTERFACE, IPV6_PMTUDISC_OMIT, IPV6_PMTUDISC_PROBE } from '../uapi/linux/in6.ts';
import {
	RTF_ADDRCONF,
	RTF_ANYCAST,
	RTF_CACHE,
	RTF_GATEWAY,
	RTF_LOCAL,
	RTF_NONEXTHOP,
} from './ip6_fib.ts';
import type { fib6_info, rt6_info } from './ip6_fib.ts';
import {
	IPV6_ADDR_LINKLOCAL,
	IPV6_ADDR_LOOPBACK,
	IPV6_ADDR_MULTICAST,
	ipv6_addr_equal,
	ipv6_addr_type,
} from './ipv6.ts';
import { __in6_dev_get } from './addrconf.ts';

/* struct route_info, an option of router advertisements */
export const ROUTE_INFO_length = 1;
export const ROUTE_INFO_prefix_len = 2;
/** Preference in bits 3 and 4. */
export const ROUTE_INFO_flags = 3;
export const ROUTE_INFO_lifetime = 4;
export const ROUTE_INFO_prefix = 8;
/** sizeof(struct route_info) */
export const ROUTE_INFO_LEN = 8;

export const RT6_LOOKUP_F_IFACE = 0x00000001;
export const RT6_LOOKUP_F_REACHABLE = 0x00000002;
export const RT6_LOOKUP_F_HAS_SADDR = 0x00000004;
export const RT6_LOOKUP_F_SRCPREF_TMP = 0x00000008;
export const RT6_LOOKUP_F_SRCPREF_PUBLIC = 0x00000010;
export const RT6_LOOKUP_F_SRCPREF_COA = 0x00000020;
export const RT6_LOOKUP_F_IGNORE_LINKSTATE = 0x00000040;
export const RT6_LOOKUP_F_DST_NOREF = 0x00000080;

export const IP6_MAX_MTU = 0xffff + IPV6HDR_LEN;

/** What a dump of routes collects, and which it leaves out. */
export class rt6_rtnl_dump_arg {
	readonly net: net;
	readonly out: nlmsg[];
	readonly filter = new fib_dump_filter();

	constructor(net: net, out: nlmsg[]) {
		this.net = net;
		this.out = out;
	}
}

/**
 * Lookup flags of address preferences.
 * @param srcprefs IPV6_PREFER_SRC_*
 * @kernel include/net/ip6_route.h:54 (v5.10)
 */
export function rt6_srcprefs2flags(srcprefs: number): number {
	return srcprefs << 3;
}

/**
 * Address preferences of lookup flags.
 * @returns IPV6_PREFER_SRC_*
 * @kernel include/net/ip6_route.h:60 (v5.10)
 */
export function rt6_flags2srcprefs(flags: number): number {
	return (flags >> 3) & 7;
}

/**
 * Tells whether a destination means something on one link only.
 * @param off where the address starts
 * @kernel include/net/ip6_route.h:65 (v5.10)
 */
export function rt6_need_strict(daddr: Uint8Array, off = 0): boolean {
	return (
		(ipv6_addr_type(daddr, off) &
			(IPV6_ADDR_MULTICAST | IPV6_ADDR_LINKLOCAL | IPV6_ADDR_LOOPBACK)) !==
		0
	);
}

/**
 * Tells whether an entry may share its place with others of equal metric.
 * @kernel include/net/ip6_route.h:74 (v5.10)
 */
export function rt6_qualify_for_ecmp(f6i: fib6_info): boolean {
	return (f6i.fib6_flags & RTF_ADDRCONF) === 0 && f6i.fib6_nh.fib_nh_gw_family !== 0;
}

/**
 * Destination of a packet as an IPv6 route.
 * @kernel include/net/ip6_route.h:213 (v5.10)
 */
export function skb_rt6_info(skb: sk_buff): rt6_info | null {
	return skb._dst as rt6_info | null;
}

/**
 * Tells whether a packet is for an address of this host.
 * @kernel include/net/ip6_route.h:244 (v5.10)
 */
export function ipv6_unicast_destination(skb: sk_buff): boolean {
	return ((skb._dst as rt6_info).rt6i_flags & RTF_LOCAL) !== 0;
}

/**
 * Tells whether an address is anycast here: joined, or the subnet's first.
 * @param off where the address starts
 * @kernel include/net/ip6_route.h:251 (v5.10)
 */
export function ipv6_anycast_destination(dst: dst_entry, daddr: Uint8Array, off = 0): boolean {
	const rt = dst as rt6_info;

	return (
		(rt.rt6i_flags & RTF_ANYCAST) !== 0 ||
		(rt.rt6i_dst.plen < 127 &&
			(rt.rt6i_flags & (RTF_GATEWAY | RTF_NONEXTHOP)) === 0 &&
			ipv6_addr_equal(rt.rt6i_dst.addr, daddr, 0, off))
	);
}

/**
 * MTU that counts for a packet: the device's when its socket probes.
 * PORT: the C asks dev_recursion_level() besides; a packet inside a driver's transmit never gets here with a
 * socket of its own in this world.
 * @kernel include/net/ip6_route.h:265 (v5.10)
 */
export function ip6_skb_dst_mtu(skb: sk_buff): number {
	const np = skb.sk !== null ? inet6_sk(skb.sk) : null;
	return np !== null && np.pmtudisc >= IPV6_PMTUDISC_PROBE
		? skb._dst!.dev!.mtu
		: dst_mtu(skb._dst!);
}

/**
 * Tells whether a socket believes reported path MTUs.
 * @kernel include/net/ip6_route.h:274 (v5.10)
 */
export function ip6_sk_accept_pmtu(sk: sock): boolean {
	const np = inet6_sk(sk)!;
	return np.pmtudisc !== IPV6_PMTUDISC_INTERFACE && np.pmtudisc !== IPV6_PMTUDISC_OMIT;
}

/**
 * Tells whether a socket's packets may be fragmented.
 * @kernel include/net/ip6_route.h:280 (v5.10)
 */
export function ip6_sk_ignore_df(sk: sock): boolean {
	const np = inet6_sk(sk)!;
	return np.pmtudisc < IPV6_PMTUDISC_DO || np.pmtudisc === IPV6_PMTUDISC_OMIT;
}

/**
 * Address of the next hop.
 * @param daddr destination of the packet
 * @returns one of the route's own arrays, or daddr
 * @kernel include/net/ip6_route.h:286 (v5.10)
 */
export function rt6_nexthop(rt: rt6_info, daddr: in6_addr): in6_addr {
	if ((rt.rt6i_flags & RTF_GATEWAY) !== 0) return rt.rt6i_gateway;
	else if ((rt.rt6i_flags & RTF_CACHE) !== 0) /* unlikely */ return rt.rt6i_dst.addr;
	else return daddr;
}

/**
 * Tells whether two entries have the same next hop.
 * @kernel include/net/ip6_route.h:297 (v5.10)
 */
export function rt6_duplicate_nexthop(a: fib6_info, b: fib6_info): boolean {
	const nha = a.fib6_nh;
	const nhb = b.fib6_nh;
	return (
		nha.fib_nh_dev === nhb.fib_nh_dev && ipv6_addr_equal(nha.fib_nh_gw6, nhb.fib_nh_gw6)
	);
}

/**
 * MTU for forwarding: a locked metric, else the device's; never a learned one.
 * @kernel include/net/ip6_route.h:311 (v5.10)
 */
export function ip6_dst_mtu_forward(dst: dst_entry): number {
	if (dst_metric_locked(dst, RTAX_MTU)) {
		const mtu = dst_metric_raw(dst, RTAX_MTU);
		if (mtu !== 0) return mtu;
	}
	const idev = __in6_dev_get(dst.dev!);
	return idev !== null ? idev.cnf.mtu6 : IPV6_MIN_MTU;
}
