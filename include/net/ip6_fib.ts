/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/ip6_fib.h, base v5.10: the routing tree, its entries, and the destinations made from them.
 *
 * PORT: one processor, so one cached route a next hop instead of one a processor. Entries with the same
 * destination and metric are a ring through fib6_siblings_next and _prev. A next hop's fields carry the names
 * of C's macros (fib_nh_dev for nh_common.nhc_dev).
 * Not ported: subtrees keyed by source, next hop objects, light-weight tunnels, hardware offload flags,
 * fib notifiers (nothing here listens).
 */
import { U32_ZERO } from '../linux/types.ts';
import type { net } from './net_namespace.ts';
import type { net_device } from '../linux/netdevice.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import type { in6_addr } from '../linux/types.ts';
import type { inet6_dev } from './if_inet6.ts';
import type { flowi6 } from './flow.ts';
import type { nlattrs } from './netlink.ts';
import { dst_entry, RTAX_LOCK } from './dst.ts';
import { in6addr_any } from '../linux/in6.ts';

/* include/uapi/linux/ipv6_route.h and include/uapi/linux/route.h */
export const RTF_UP = 0x0001;
export const RTF_GATEWAY = 0x0002;
export const RTF_HOST = 0x0004;
export const RTF_REINSTATE = 0x0008;
export const RTF_DYNAMIC = 0x0010;
export const RTF_MODIFIED = 0x0020;
export const RTF_MTU = 0x0040;
export const RTF_REJECT = 0x0200;
export const RTF_DEFAULT = 0x00010000;
export const RTF_ALLONLINK = 0x00020000;
export const RTF_ADDRCONF = 0x00040000;
export const RTF_PREFIX_RT = 0x00080000;
export const RTF_ANYCAST = 0x00100000;
export const RTF_NONEXTHOP = 0x00200000;
export const RTF_EXPIRES = 0x00400000;
export const RTF_ROUTEINFO = 0x00800000;
export const RTF_CACHE = 0x01000000;
export const RTF_FLOW = 0x02000000;
export const RTF_POLICY = 0x04000000;
export const RTF_PREF_MASK = 0x18000000;
export const RTF_PCPU = 0x40000000;
/** PORT: 0x80000000 as a signed word, so that bit operators keep it. */
export const RTF_LOCAL = 0x80000000 | 0;

export const IP6_RT_PRIO_USER = 1024;
export const IP6_RT_PRIO_ADDRCONF = 256;

/**
 * Flag bits of a router preference.
 * @param pref ICMPV6_ROUTER_PREF_*
 * @kernel include/uapi/linux/ipv6_route.h:36 (v5.10)
 */
export function RTF_PREF(pref: number): number {
	return pref << 27;
}

/**
 * Router preference in flag bits.
 * @returns ICMPV6_ROUTER_PREF_*
 * @kernel include/linux/ipv6_route.h:13 (v5.10)
 */
export function IPV6_EXTRACT_PREF(flag: number): number {
	return (flag & RTF_PREF_MASK) >> 27;
}

/**
 * Makes preferences comparable: 1 low, 2 medium, 3 high.
 * @param pref ICMPV6_ROUTER_PREF_*
 * @kernel include/linux/ipv6_route.h:14 (v5.10)
 */
export function IPV6_DECODE_PREF(pref: number): number {
	return pref ^ 2;
}

/** What a request to add or delete a route says. */
export class fib6_config {
	fc_table = 0;
	fc_metric = 0;
	fc_dst_len = 0;
	fc_src_len = 0;
	fc_ifindex = 0;
	/** RTF_* */
	fc_flags = 0;
	/** RTPROT_* */
	fc_protocol = 0;
	/** RTN_* */
	fc_type = 0;
	fc_delete_all_nh = false;
	fc_ignore_dev_down = false;

	readonly fc_dst: in6_addr = new Uint8Array(16);
	readonly fc_src: in6_addr = new Uint8Array(16);
	readonly fc_prefsrc: in6_addr = new Uint8Array(16);
	readonly fc_gateway: in6_addr = new Uint8Array(16);

	/** Jiffies from now in C's clock ticks, 0 for none. */
	fc_expires = 0;
	/** RTA_METRICS */
	fc_mx: nlattrs | null = null;
	/** RTA_MULTIPATH, one entry a next hop. */
	fc_mp: nlattrs[] | null = null;

	/** PORT: nl_info as IPv6 uses it. */
	readonly fc_nlinfo = new nl_info6();
}

/** struct nl_info: who asked, and how a notification shall look. */
export class nl_info6 {
	/** The request's type and flags; null when the kernel itself acts. */
	nlh: { type: number; flags: number } | null = null;
	nl_net: net | null = null;
	portid = 0;
	skip_notify = false;
	skip_notify_kernel = false;
}

/** Node of the tree. */
export class fib6_node {
	parent: fib6_node | null = null;
	left: fib6_node | null = null;
	right: fib6_node | null = null;
	leaf: fib6_info | null = null;

	/** Bit that decides between left and right. */
	fn_bit = 0;
	/** RTN_TL_ROOT, RTN_ROOT, RTN_RTINFO */
	fn_flags = 0;
	fn_sernum = 0;
	/** Where the round robin among equal entries stands. */
	rr_ptr: fib6_info | null = null;
}

/** What a run of the garbage collector counts. */
export class fib6_gc_args {
	timeout = U32_ZERO;
	more = 0;
}

/** An address and how many of its bits count. */
export class rt6key {
	readonly addr: in6_addr = new Uint8Array(16);
	plen = 0;
}

/** Chain of exceptions with the same hash. */
export class rt6_exception_bucket {
	chain: rt6_exception | null = null;
	depth = 0;
}

/** A cached route that differs from its entry: a path MTU or a redirect. */
export class rt6_exception {
	next: rt6_exception | null = null;
	rt6i: rt6_info;
	/** Jiffies of insertion or last use. */
	stamp = U32_ZERO;

	constructor(rt6i: rt6_info) {
		this.rt6i = rt6i;
	}
}

export const FIB6_EXCEPTION_BUCKET_SIZE_SHIFT = 10;
export const FIB6_EXCEPTION_BUCKET_SIZE = 1 << FIB6_EXCEPTION_BUCKET_SIZE_SHIFT;
export const FIB6_MAX_DEPTH = 5;

/** Next hop of an entry. */
export class fib6_nh {
	fib_nh_dev: net_device | null = null;
	fib_nh_oif = 0;
	fib_nh_scope = 0;
	/** AF_INET6, or 0 without a gateway. */
	fib_nh_gw_family = 0;
	/** RTNH_F_* */
	fib_nh_flags = 0;
	readonly fib_nh_gw6: in6_addr = new Uint8Array(16);
	fib_nh_weight = 0;
	/** Hash values up to this go here; -1: never. */
	fib_nh_upper_bound = 0;

	/** Jiffies of the last router probe. */
	last_probe = 0;

	rt6i_pcpu: rt6_info | null = null;
	/** FIB6_EXCEPTION_BUCKET_SIZE buckets, made at first use. */
	rt6i_exception_bucket: rt6_exception_bucket[] | null = null;
	/** The exceptions were flushed for good: the entry goes. */
	exception_bucket_flushed = false;
}

/** An entry of a table. */
export class fib6_info {
	fib6_table: fib6_table | null = null;
	fib6_next: fib6_info | null = null;
	fib6_node: fib6_node | null = null;

	fib6_siblings_next: fib6_info = this;
	fib6_siblings_prev: fib6_info = this;
	fib6_nsiblings = 0;

	fib6_ref = 1;
	/** Jiffies, with RTF_EXPIRES. */
	expires = U32_ZERO;
	/** RTAX_x at index RTAX_x - 1. PORT: the words of dst_metrics, without its count. */
	fib6_metrics: Int32Array;

	readonly fib6_dst = new rt6key();
	/** RTF_* */
	fib6_flags = 0;
	readonly fib6_src = new rt6key();
	readonly fib6_prefsrc = new rt6key();

	fib6_metric = 0;
	fib6_protocol = 0;
	/** RTN_* */
	fib6_type = 0;
	should_flush = false;
	dst_nocount = false;
	dst_nopolicy = false;
	fib6_destroying = false;

	readonly fib6_nh = new fib6_nh();

	/** @param metrics that are never written */
	constructor(metrics: Int32Array) {
		this.fib6_metrics = metrics;
	}
}

/** A destination made from an entry: shared by all its users, or a clone for one address. */
export class rt6_info extends dst_entry {
	from: fib6_info | null = null;
	sernum = 0;

	readonly rt6i_dst = new rt6key();
	readonly rt6i_src = new rt6key();
	readonly rt6i_gateway: in6_addr = new Uint8Array(16);
	rt6i_idev: inet6_dev | null = null;
	/** RTF_* */
	rt6i_flags = 0;

	/** Stands on the list of routes that no table holds. PORT: the list is a set. */
	rt6i_uncached = false;

	rt6i_nfheader_len = 0;
}

/** What a lookup found. */
export class fib6_result {
	nh: fib6_nh | null = null;
	f6i: fib6_info | null = null;
	fib6_flags = 0;
	fib6_type = 0;
	rt6: rt6_info | null = null;
}

/**
 * IPv6 side of the device a destination leaves by.
 * @kernel include/net/ip6_fib.h:239 (v5.10)
 */
export function ip6_dst_idev(dst: dst_entry): inet6_dev | null {
	return (dst as rt6_info).rt6i_idev;
}

/**
 * Makes an entry last for ever.
 * @kernel include/net/ip6_fib.h:249 (v5.10)
 */
export function fib6_clean_expires(f6i: fib6_info): void {
	f6i.fib6_flags &= ~RTF_EXPIRES;
	f6i.expires = 0;
}

/**
 * Sets when an entry ends.
 * @param expires absolute jiffies
 * @kernel include/net/ip6_fib.h:255 (v5.10)
 */
export function fib6_set_expires(f6i: fib6_info, expires: number): void {
	f6i.expires = expires;
	f6i.fib6_flags |= RTF_EXPIRES;
}

/**
 * Tells whether an entry's time is over.
 * @param now jiffies
 * @kernel include/net/ip6_fib.h:262 (v5.10)
 */
export function fib6_check_expired(f6i: fib6_info, now: number): boolean {
	if ((f6i.fib6_flags & RTF_EXPIRES) !== 0) return now > f6i.expires;
	return false;
}

/**
 * Serial number of the tree node an entry hangs on.
 * PORT: C answers whether there is one and stores it; here -1 means there is none.
 * @kernel include/net/ip6_fib.h:274 (v5.10)
 */
export function fib6_get_cookie_safe(f6i: fib6_info): number {
	return f6i.fib6_node !== null ? f6i.fib6_node.fn_sernum : -1;
}

/**
 * Cookie that says whether a cached route is still the right one.
 * @kernel include/net/ip6_fib.h:292 (v5.10)
 */
export function rt6_get_cookie(rt: rt6_info): number {
	if (rt.sernum !== 0) return rt.sernum;
	const from = rt.from;
	if (from !== null && from.fib6_node !== null) return from.fib6_node.fn_sernum;
	return 0;
}

/**
 * Takes a reference on an entry.
 * @kernel include/net/ip6_fib.h:323 (v5.10)
 */
export function fib6_info_hold(f6i: fib6_info): void {
	f6i.fib6_ref++;
}

/**
 * Takes a reference unless the entry is on its way out.
 * @kernel include/net/ip6_fib.h:328 (v5.10)
 */
export function fib6_info_hold_safe(f6i: fib6_info): boolean {
	if (f6i.fib6_ref === 0) return false;
	f6i.fib6_ref++;
	return true;
}

/* walker states */
export const FWS_L = 0;
export const FWS_R = 1;
export const FWS_C = 2;
export const FWS_U = 3;

/** A walk over a table that survives changes of the tree. */
export class fib6_walker {
	root: fib6_node | null = null;
	node: fib6_node | null = null;
	leaf: fib6_info | null = null;
	/** FWS_* */
	state = FWS_L;
	skip = 0;
	count = 0;
	skip_in_node = 0;
	/** 0: go on; positive: interrupted; negative: give up. */
	func: (w: fib6_walker) => number = () => 0;
}

/** Counters of a namespace's tables. */
export class rt6_statistics {
	fib_nodes = 0;
	fib_route_nodes = 0;
	fib_rt_entries = 0;
	fib_rt_cache = 0;
	fib_discarded_routes = 0;
	fib_rt_alloc = 0;
	fib_rt_uncache = 0;
}

export const RTN_TL_ROOT = 0x0001;
export const RTN_ROOT = 0x0002;
export const RTN_RTINFO = 0x0004;

/** A routing table. */
export class fib6_table {
	tb6_id: number;
	readonly tb6_root = new fib6_node();
	flags = 0;

	constructor(id: number) {
		this.tb6_id = id;
	}
}

export const RT6_TABLE_HAS_DFLT_ROUTER = 1 << 0;

export const RT6_TABLE_UNSPEC = 0;
export const RT6_TABLE_MAIN = 254;
export const RT6_TABLE_DFLT = RT6_TABLE_MAIN;
export const RT6_TABLE_INFO = RT6_TABLE_MAIN;
export const RT6_TABLE_PREFIX = RT6_TABLE_MAIN;
export const RT6_TABLE_LOCAL = 255;
export const FIB6_TABLE_MIN = 1;
export const FIB6_TABLE_MAX = 0xffffffff;

/** Looks a flow up in one table; the answer is referenced unless RT6_LOOKUP_F_DST_NOREF says otherwise. */
export type pol_lookup_t = (
	net: net,
	table: fib6_table,
	fl6: flowi6,
	skb: sk_buff | null,
	flags: number,
) => rt6_info;

/**
 * Preferred source address of a destination's entry.
 * @returns the entry's own array, :: when there is none
 * @kernel include/net/ip6_fib.h:472 (v5.10)
 */
export function rt6_get_prefsrc(rt: rt6_info): in6_addr {
	return rt.from !== null ? rt.from.fib6_prefsrc.addr : in6addr_any;
}

/**
 * Tells whether the user locked a metric.
 * @param metric RTAX_*
 * @kernel include/net/ip6_fib.h:544 (v5.10)
 */
export function fib6_metric_locked(f6i: fib6_info, metric: number): boolean {
	return (f6i.fib6_metrics[RTAX_LOCK - 1] & (1 << metric)) !== 0;
}

/**
 * Tells whether the namespace has rules besides the two default ones.
 * @kernel include/net/ip6_fib.h:592 (v5.10)
 */
export function fib6_has_custom_rules(net: net): boolean {
	return net.ipv6.fib6_has_custom_rules;
}

/**
 * Device of an entry's next hop.
 * @kernel include/net/nexthop.h:385 (v5.10)
 */
export function fib6_info_nh_dev(f6i: fib6_info): net_device | null {
	return f6i.fib6_nh.fib_nh_dev;
}
