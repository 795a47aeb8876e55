/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/ip_fib.h, base v5.10: the IPv4 forwarding tables.
 *
 * PORT: a user's configuration keeps the netlink attributes of metrics and multipath as the message has
 * them. One output route is cached per next hop (nhc_rth_output), not one per CPU. Tables and prefix
 * routes sit in Maps and linked lists where C uses hash lists.
 * Inlines that need net/ipv4 live there: fib_lookup at the top of net/ipv4/fib_rules.ts, fib_info_put at
 * the top of net/ipv4/fib_semantics.ts, fib4_rules_early_flow_dissect at the top of net/ipv4/route.ts.
 * Not ported: the notifier chain for hardware, lightweight tunnels, next hop objects (`ip nexthop`),
 * realms (CONFIG_IP_ROUTE_CLASSID; FRA_FLOW and RTA_FLOW are refused nowhere and kept nowhere).
 */
import { htonl } from '../linux/byteorder/generic.ts';
import type { net_device } from '../linux/netdevice.ts';
import { U32_ZERO } from '../linux/types.ts';
import type { __be32, u32, u8 } from '../linux/types.ts';
import { AF_INET } from '../linux/socket.ts';
import { l3mdev_master_ifindex_rcu } from './l3mdev.ts';
import { RT_TABLE_MAIN, RT_TABLE_UNSPEC } from '../uapi/linux/rtnetlink.ts';
import type { flowi4 } from './flow.ts';
import type { net } from './net_namespace.ts';
import type { nlattrs } from './netlink.ts';
import type { rtable } from './route.ts';

/** A user's wish for a route. */
export class fib_config {
	fc_dst_len: u8 = 0;
	fc_tos: u8 = 0;
	fc_protocol: u8 = 0;
	fc_scope: u8 = 0;
	fc_type: u8 = 0;
	/** AF_INET, AF_INET6 or 0. */
	fc_gw_family: u8 = 0;
	fc_table: u32 = 0;
	fc_dst: __be32 = U32_ZERO as __be32;
	fc_gw4: __be32 = U32_ZERO as __be32;
	fc_gw6: Uint8Array | null = null;
	fc_oif = 0;
	fc_flags: u32 = 0;
	fc_priority: u32 = 0;
	fc_prefsrc: __be32 = U32_ZERO as __be32;
	fc_nh_id: u32 = 0;
	/** RTA_METRICS: RTAX_* -> value. */
	fc_mx: nlattrs | null = null;
	/** RTA_MULTIPATH. PORT: attributes of a next hop, in place of rtnexthop with its bytes. */
	fc_mp: readonly nlattrs[] | null = null;
	fc_flow: u32 = 0;
	/** NLM_F_* */
	fc_nlflags: u32 = 0;
	/** fc_nlinfo.nl_net */
	fc_net: net;

	constructor(net: net) {
		this.fc_net = net;
	}
}

/** What was learnt about one destination behind a next hop: a smaller MTU or another gateway. */
export class fib_nh_exception {
	fnhe_next: fib_nh_exception | null = null;
	fnhe_genid = 0;
	fnhe_daddr: __be32 = htonl(0);
	/** Bytes, 0 when only the gateway was learnt. */
	fnhe_pmtu: u32 = 0;
	fnhe_mtu_locked = false;
	fnhe_gw: __be32 = htonl(0);
	/** Jiffies, 0 for never. */
	fnhe_expires = 0;
	fnhe_rth_input: rtable | null = null;
	fnhe_rth_output: rtable | null = null;
	/** Jiffies of the last use. */
	fnhe_stamp = 0;
}

export const FNHE_HASH_SHIFT = 11;
export const FNHE_HASH_SIZE = 1 << FNHE_HASH_SHIFT;
export const FNHE_RECLAIM_DEPTH = 5;

/** A next hop, as far as both families share it. */
export class fib_nh_common {
	nhc_dev: net_device | null = null;
	nhc_oif = 0;
	nhc_scope: u8 = 0;
	nhc_family: u8 = 0;
	nhc_gw_family: u8 = 0;
	/** RTNH_F_* */
	nhc_flags: u8 = 0;
	/** nhc_gw.ipv4 */
	nhc_gw4: __be32 = U32_ZERO as __be32;
	/** nhc_gw.ipv6, 16 bytes when nhc_gw_family is AF_INET6 */
	nhc_gw6: Uint8Array | null = null;
	nhc_weight = 0;
	/** Upper end of its share of the 31-bit hash space, -1 for none. */
	nhc_upper_bound = 0;
	nhc_rth_output: rtable | null = null;
	nhc_rth_input: rtable | null = null;
	/** FNHE_HASH_SIZE chains, made at the first exception. */
	nhc_exceptions: (fib_nh_exception | null)[] | null = null;
	/** PORT: container_of(nhc, struct fib_nh, nh_common); null inside an IPv6 next hop. */
	nh: fib_nh | null = null;
}

/** An IPv4 next hop. */
export class fib_nh {
	readonly nh_common = new fib_nh_common();
	nh_parent: fib_info | null = null;
	nh_saddr: __be32 = U32_ZERO as __be32;
	nh_saddr_genid = 0;

	constructor() {
		this.nh_common.nh = this;
	}

	get fib_nh_family(): u8 {
		return this.nh_common.nhc_family;
	}
	set fib_nh_family(v: u8) {
		this.nh_common.nhc_family = v;
	}
	get fib_nh_dev(): net_device | null {
		return this.nh_common.nhc_dev;
	}
	set fib_nh_dev(v: net_device | null) {
		this.nh_common.nhc_dev = v;
	}
	get fib_nh_oif(): number {
		return this.nh_common.nhc_oif;
	}
	set fib_nh_oif(v: number) {
		this.nh_common.nhc_oif = v;
	}
	get fib_nh_flags(): u8 {
		return this.nh_common.nhc_flags;
	}
	set fib_nh_flags(v: u8) {
		this.nh_common.nhc_flags = v;
	}
	get fib_nh_scope(): u8 {
		return this.nh_common.nhc_scope;
	}
	set fib_nh_scope(v: u8) {
		this.nh_common.nhc_scope = v;
	}
	get fib_nh_gw_family(): u8 {
		return this.nh_common.nhc_gw_family;
	}
	set fib_nh_gw_family(v: u8) {
		this.nh_common.nhc_gw_family = v;
	}
	get fib_nh_gw4(): __be32 {
		return this.nh_common.nhc_gw4;
	}
	set fib_nh_gw4(v: __be32) {
		this.nh_common.nhc_gw4 = v;
	}
	get fib_nh_gw6(): Uint8Array | null {
		return this.nh_common.nhc_gw6;
	}
	set fib_nh_gw6(v: Uint8Array | null) {
		this.nh_common.nhc_gw6 = v;
	}
	get fib_nh_weight(): number {
		return this.nh_common.nhc_weight;
	}
	set fib_nh_weight(v: number) {
		this.nh_common.nhc_weight = v;
	}
	get fib_nh_upper_bound(): number {
		return this.nh_common.nhc_upper_bound;
	}
	set fib_nh_upper_bound(v: number) {
		this.nh_common.nhc_upper_bound = v;
	}
}

/** Everything that routes to the same place share: next hops, metrics, protocol, scope. */
export class fib_info {
	fib_net: net;
	/** Routes that use it. */
	fib_treeref = 0;
	/** References from routes and lookups; freed at 0. */
	fib_clntref = 0;
	/** RTNH_F_* */
	fib_flags: u32 = 0;
	fib_dead = 0;
	fib_protocol: u8 = 0;
	fib_scope: u8 = 0;
	fib_type: u8 = 0;
	fib_prefsrc: __be32 = U32_ZERO as __be32;
	fib_tb_id: u32 = 0;
	fib_priority: u32 = 0;
	/** RTAX_* at index RTAX_x - 1; the shared defaults when there are none. PORT: the words of dst_metrics. */
	fib_metrics: Int32Array;
	fib_nhs = 0;
	fib_nh_is_v6 = false;
	readonly fib_nh: fib_nh[] = [];
	/** PORT: bucket keys of the two hashes it is on. */
	fib_hash_val = -1;

	constructor(net: net, metrics: Int32Array) {
		this.fib_net = net;
		this.fib_metrics = metrics;
	}
}

/** A route of a table: one alias of a prefix. */
export class fib_alias {
	fa_next: fib_alias | null = null;
	/** Leaf of the trie it hangs on. */
	fa_info: fib_info;
	fa_tos: u8 = 0;
	/** RTN_* */
	fa_type: u8 = 0;
	/** FA_S_* */
	fa_state: u8 = 0;
	/** Host bits: 32 - prefix length. */
	fa_slen: u8 = 0;
	tb_id: u32 = 0;
	fa_default = -1;
	offload = false;
	trap = false;

	constructor(fa_info: fib_info) {
		this.fa_info = fa_info;
	}
}

export const FA_S_ACCESSED = 0x01;

/** Head of the aliases of one key, in the order of fib_insert_alias(). */
export class fa_head {
	first: fib_alias | null = null;
}

/** Answer of a lookup; reused by its caller. */
export class fib_result {
	/** PORT: a signed number, as the keys of the trie are. */
	prefix = 0;
	prefixlen: u8 = 0;
	nh_sel: u8 = 0;
	/** RTN_* */
	type: u8 = 0;
	scope: u8 = 0;
	tclassid: u32 = 0;
	nhc: fib_nh_common | null = null;
	fi: fib_info | null = null;
	table: fib_table | null = null;
	fa_head: fa_head | null = null;

	/** Back to nothing found. */
	clear(): void {
		this.prefix = 0;
		this.prefixlen = 0;
		this.nh_sel = 0;
		this.type = 0;
		this.scope = 0;
		this.tclassid = 0;
		this.nhc = null;
		this.fi = null;
		this.table = null;
		this.fa_head = null;
	}
}

/** One route as fib_dump_info() shows it. */
export class fib_rt_info {
	fi: fib_info;
	tb_id: u32 = 0;
	dst: __be32 = htonl(0);
	dst_len = 0;
	tos: u8 = 0;
	type: u8 = 0;
	offload = false;
	trap = false;

	constructor(fi: fib_info) {
		this.fi = fi;
	}
}

/** A routing table; `tb_data` is the trie of net/ipv4/fib_trie.ts. */
export class fib_table {
	tb_id: u32;
	tb_num_default = 0;
	tb_data: unknown;
	/** PORT: fib_table_lookup(), so that what is below fib_trie.ts can look up too. */
	tb_lookup: fib_table_lookup_t;

	constructor(id: u32, data: unknown, lookup: fib_table_lookup_t) {
		this.tb_id = id;
		this.tb_data = data;
		this.tb_lookup = lookup;
	}
}

/** 0 when found, -EAGAIN when not, else the errno that the route says. */
export type fib_table_lookup_t = (
	tb: fib_table,
	flp: flowi4,
	res: fib_result,
	fib_flags: number,
) => number;

/** What of the tables to dump. */
export class fib_dump_filter {
	table_id: u32 = 0;
	filter_set = false;
	dump_routes = false;
	dump_exceptions = false;
	protocol: u8 = 0;
	rt_type: u8 = 0;
	flags: u32 = 0;
	dev: net_device | null = null;
}

export const FIB_TABLE_HASHSZ = 256;

/**
 * Next hop of a lookup's answer.
 * @kernel include/net/ip_fib.h:203 (v5.10)
 */
export function FIB_RES_NHC(res: fib_result): fib_nh_common {
	return res.nhc!;
}

/**
 * Device of a lookup's answer.
 * @kernel include/net/ip_fib.h:204 (v5.10)
 */
export function FIB_RES_DEV(res: fib_result): net_device | null {
	return res.nhc!.nhc_dev;
}

/**
 * Interface index of a lookup's answer.
 * @kernel include/net/ip_fib.h:205 (v5.10)
 */
export function FIB_RES_OIF(res: fib_result): number {
	return res.nhc!.nhc_oif;
}

/**
 * Tells whether a user's rules exist beside the three of the kernel.
 * @kernel include/net/ip_fib.h:325 (v5.10)
 */
export function fib4_has_custom_rules(net: net): boolean {
	return net.ipv4.fib_has_custom_rules;
}

/**
 * IPv4 gateway of a next hop as a number.
 * @returns 0 when there is none or it is an IPv6 one
 * @kernel PORT: nhc_gw is a union in C
 */
export function fib_nhc_gw4(nhc: fib_nh_common): __be32 {
	return nhc.nhc_gw_family === AF_INET ? nhc.nhc_gw4 : htonl(0);
}

/**
 * Finds a routing table.
 * @param id RT_TABLE_*, 0 for main
 * @returns null when there is none
 * @kernel PORT: net/ipv4/fib_frontend.c fib_get_table, here for what is below that file
 */
export function fib_get_table(net: net, id: u32): fib_table | null {
	if (id === RT_TABLE_UNSPEC) id = RT_TABLE_MAIN;
	const head = net.ipv4.fib_table_hash[id & (FIB_TABLE_HASHSZ - 1)];
	if (head === undefined) return null;
	for (let i = 0; i < head.length; i++) if (head[i].tb_id === id) return head[i];
	return null;
}

/**
 * Realms of a route and its rule. PORT: there are none.
 * @returns 0
 * @kernel include/net/ip_fib.h:438 (v5.10)
 */
export function fib_num_tclassid_users(_net: net): number {
	return 0;
}

/**
 * Tells whether a next hop leaves through a device or a port of it as a VRF.
 * @kernel include/net/ip_fib.h:450 (v5.10)
 */
export function nhc_l3mdev_matches_dev(nhc: fib_nh_common, dev: net_device): boolean {
	return nhc.nhc_dev === dev || l3mdev_master_ifindex_rcu(nhc.nhc_dev) === dev.ifindex;
}

/**
 * Takes a reference on a fib_info.
 * @kernel include/net/ip_fib.h:523 (v5.10)
 */
export function fib_info_hold(fi: fib_info): void {
	fi.fib_clntref++;
}
