// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/fib_semantics.c with net/ipv4/fib_lookup.h, base v5.10: what a route means: its next hops, their checks, sharing of
 * equal infos, choice among several next hops, devices and addresses that come and go.
 *
 * PORT: the hashes of infos are Maps: by the hash value, by preferred source, by device. Metrics need no counting.
 * Not ported: next hop objects, lightweight tunnels, realms, notifiers for hardware, fib_nlmsg_size.
 */
import { type Machine, machine_var } from '../../include/linux/machine.ts';
import { htonl, ntohl } from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { ip_ignore_linkdown } from '../../include/linux/inetdevice.ts';
import {
	dev_hold,
	dev_net,
	dev_put,
	type net_device,
	NETDEV_CHANGE,
	NETDEV_DOWN,
	NETDEV_UNREGISTER,
	netif_carrier_ok,
} from '../../include/linux/netdevice.ts';
import { type netlink_ext_ack, NL_SET_ERR_MSG } from '../../include/linux/netlink.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { AF_INET, AF_INET6 } from '../../include/linux/socket.ts';
import type { __be32, u32, u8 } from '../../include/linux/types.ts';
import { __ipv4_neigh_lookup_noref, arp_tbl } from '../../include/net/arp.ts';
import { dst_release_immediate, RTAX_MAX } from '../../include/net/dst.ts';
import { FIB_LOOKUP_IGNORE_LINKSTATE, FIB_LOOKUP_NOREF } from '../../include/net/fib_rules.ts';
import { FLOWI_FLAG_SKIP_NH_OIF, flowi4 } from '../../include/net/flow.ts';
import { fib6_config, fib6_nh, RTF_GATEWAY } from '../../include/net/ip6_fib.ts';
import {
	FA_S_ACCESSED,
	type fib_alias,
	fib_config,
	fib_get_table,
	fib_info,
	fib_nh,
	type fib_nh_common,
	FIB_RES_DEV,
	FIB_RES_OIF,
	fib_result,
	fib_rt_info,
	FNHE_HASH_SIZE,
} from '../../include/net/ip_fib.ts';
import { ipv4_stub } from '../../include/net/ipv4_stubs.ts';
import { ipv6_stub } from '../../include/net/ipv6_stubs.ts';
import { l3mdev_fib_table } from '../../include/net/l3mdev.ts';
import { __neigh_lookup_noref, NUD_VALID } from '../../include/net/neighbour.ts';
import { LOOPBACK_IFINDEX, type net } from '../../include/net/net_namespace.ts';
import {
	nla_data,
	nla_get_u32,
	nla_nest_start,
	nla_parse_nested,
	nla_put,
	nla_put_u32,
	type nlattrs,
} from '../../include/net/netlink.ts';
import type { rtable } from '../../include/net/route.ts';
import {
	EACCES,
	EAGAIN,
	EHOSTUNREACH,
	EINVAL,
	ENETDOWN,
	ENODEV,
} from '../../include/uapi/linux/errno.ts';
import { IFF_LOWER_UP, IFF_RUNNING, IFF_UP } from '../../include/uapi/linux/if.ts';
import { NUD_INCOMPLETE, NUD_NONE, NUD_REACHABLE } from '../../include/uapi/linux/neighbour.ts';
import {
	RT_SCOPE_HOST,
	RT_SCOPE_LINK,
	RT_SCOPE_NOWHERE,
	RT_SCOPE_UNIVERSE,
	RT_TABLE_COMPAT,
	RT_TABLE_LOCAL,
	RT_TABLE_MAIN,
	RTA_DST,
	RTA_GATEWAY,
	RTA_MULTIPATH,
	RTA_OIF,
	RTA_PREFSRC,
	RTA_PRIORITY,
	RTA_TABLE,
	RTA_VIA,
	RTM_F_OFFLOAD,
	RTM_F_TRAP,
	rtmsg_msg,
	RTN_ANYCAST,
	RTN_BROADCAST,
	RTN_LOCAL,
	RTN_MAX,
	RTN_MULTICAST,
	RTN_UNICAST,
	RTNH_COMPARE_MASK,
	RTNH_F_DEAD,
	RTNH_F_LINKDOWN,
	RTNH_F_OFFLOAD,
	RTNH_F_ONLINK,
	RTNH_F_PERVASIVE,
	RTNH_FLAGS,
	RTNH_HOPS,
	RTNH_IFINDEX,
	RTNLGRP_IPV4_ROUTE,
	RTVIA_ADDR,
	RTVIA_FAMILY,
} from '../../include/uapi/linux/rtnetlink.ts';
import { __dev_get_by_index, dev_get_by_index, dev_get_flags } from '../core/dev.ts';
import { dst_dev_put } from '../core/dst.ts';
import { neigh_lookup, neigh_release } from '../core/neighbour.ts';
import { rtnetlink_put_metrics, rtnl_has_listeners, rtnl_notify } from '../core/rtnetlink.ts';
import { inet_select_addr, inetdev_by_index, nla_get_in_addr } from './devinet.ts';
import { fib_lookup } from './fib_rules.ts';
import { ip_fib_metrics_init } from './metrics.ts';

/** The infos of a machine. */
class fib_info_tables {
	fib_info_cnt = 0;
	/** By fib_info_hashfn(). */
	readonly hash = new Map<number, fib_info[]>();
	/** By preferred source address. */
	readonly laddrhash = new Map<number, fib_info[]>();
	/** Next hops by device; newest first. */
	readonly devhash = new Map<net_device, fib_nh[]>();
}

const fib_info_tables_var = machine_var(() => new fib_info_tables());

/** What a route type answers, and the widest scope it may have. */
interface fib_prop {
	error: number;
	scope: u8;
}

/** By RTN_*. */
export const fib_props: readonly fib_prop[] = [
	{ error: 0, scope: RT_SCOPE_NOWHERE },
	{ error: 0, scope: RT_SCOPE_UNIVERSE },
	{ error: 0, scope: RT_SCOPE_HOST },
	{ error: 0, scope: RT_SCOPE_LINK },
	{ error: 0, scope: RT_SCOPE_LINK },
	{ error: 0, scope: RT_SCOPE_UNIVERSE },
	{ error: -EINVAL, scope: RT_SCOPE_UNIVERSE },
	{ error: -EHOSTUNREACH, scope: RT_SCOPE_UNIVERSE },
	{ error: -EACCES, scope: RT_SCOPE_UNIVERSE },
	{ error: -EAGAIN, scope: RT_SCOPE_UNIVERSE },
	{ error: -EINVAL, scope: RT_SCOPE_NOWHERE },
	{ error: -EINVAL, scope: RT_SCOPE_NOWHERE },
];

/**
 * Drops a reference on an info; the last one frees it.
 * @kernel PORT: inline of include/net/ip_fib.h:560, include/ does not import net/
 */
export function fib_info_put(fi: fib_info): void {
	if (--fi.fib_clntref === 0) free_fib_info(fi);
}

/**
 * Number of next hops.
 * @kernel PORT: inline of include/net/nexthop.h:192, next hop objects are not ported
 */
export function fib_info_num_path(fi: fib_info): number {
	return fi.fib_nhs;
}

/**
 * A next hop.
 * @kernel PORT: inline of include/net/nexthop.h:364, next hop objects are not ported
 */
export function fib_info_nhc(fi: fib_info, nhsel: number): fib_nh_common {
	return fi.fib_nh[nhsel].nh_common;
}

/**
 * Notes that a route was used.
 * @kernel PORT: inline of net/ipv4/fib_lookup.h
 */
export function fib_alias_accessed(fa: fib_alias): void {
	if ((fa.fa_state & FA_S_ACCESSED) === 0) fa.fa_state |= FA_S_ACCESSED;
}

/**
 * Makes another info the answer of a lookup.
 * @kernel PORT: inline of net/ipv4/fib_lookup.h
 */
function fib_result_assign(res: fib_result, fi: fib_info): void {
	res.fi = fi;
	res.nhc = fib_info_nhc(fi, 0);
}

/**
 * Adds an entry to a list of a Map, in front.
 * @kernel PORT: hlist_add_head
 */
function hash_add<K, V>(map: Map<K, V[]>, key: K, v: V): void {
	const list = map.get(key);
	if (list === undefined) map.set(key, [v]);
	else list.unshift(v);
}

/**
 * Takes an entry off a list of a Map.
 * @kernel PORT: hlist_del
 */
function hash_del<K, V>(map: Map<K, V[]>, key: K, v: V): void {
	const list = map.get(key);
	if (list === undefined) return;
	const i = list.indexOf(v);
	if (i >= 0) list.splice(i, 1);
	if (list.length === 0) map.delete(key);
}

/**
 * Gives up a cached route.
 * @kernel net/ipv4/fib_semantics.c:146 (v5.10)
 */
function rt_fibinfo_free(rt: rtable | null): void {
	if (rt === null) return;
	dst_dev_put(rt);
	dst_release_immediate(rt);
}

/**
 * Gives up the exceptions of a next hop.
 * @kernel net/ipv4/fib_semantics.c:162 (v5.10)
 */
function free_nh_exceptions(nhc: fib_nh_common): void {
	const hash = nhc.nhc_exceptions;
	if (hash === null) return;
	for (let i = 0; i < FNHE_HASH_SIZE; i++) {
		for (let fnhe = hash[i]; fnhe !== null; fnhe = fnhe.fnhe_next) {
			rt_fibinfo_free(fnhe.fnhe_rth_input);
			rt_fibinfo_free(fnhe.fnhe_rth_output);
			fnhe.fnhe_rth_input = null;
			fnhe.fnhe_rth_output = null;
		}
	}
	nhc.nhc_exceptions = null;
}

/**
 * Gives up what a next hop of either family holds.
 * @kernel net/ipv4/fib_semantics.c:209 (v5.10)
 */
export function fib_nh_common_release(nhc: fib_nh_common): void {
	if (nhc.nhc_dev !== null) dev_put(nhc.nhc_dev);
	rt_fibinfo_free(nhc.nhc_rth_output);
	nhc.nhc_rth_output = null;
	rt_fibinfo_free(nhc.nhc_rth_input);
	nhc.nhc_rth_input = null;
	free_nh_exceptions(nhc);
}

/**
 * Gives up what a next hop holds.
 * @kernel net/ipv4/fib_semantics.c:221 (v5.10)
 */
export function fib_nh_release(fib_nh: fib_nh): void {
	fib_nh_common_release(fib_nh.nh_common);
}

/**
 * Frees an info after the grace period.
 * @kernel net/ipv4/fib_semantics.c:231 (v5.10)
 */
function free_fib_info_rcu(fi: fib_info): void {
	for (const nh of fi.fib_nh) fib_nh_release(nh);
}

/**
 * Frees an info that nobody refers to.
 * @kernel net/ipv4/fib_semantics.c:248 (v5.10)
 */
export function free_fib_info(fi: fib_info): void {
	const m = fi.fib_net.machine;
	if (fi.fib_dead === 0) {
		m.record('WARN', 'free_fib_info', 'freeing alive fib_info');
		return;
	}
	fib_info_tables_var.of(m).fib_info_cnt--;
	m.call_rcu(() => {
		free_fib_info_rcu(fi);
	});
}

/**
 * A route gives up its info.
 * @kernel net/ipv4/fib_semantics.c:260 (v5.10)
 */
export function fib_release_info(fi: fib_info): void {
	if (--fi.fib_treeref !== 0) return;
	const t = fib_info_tables_var.of(fi.fib_net.machine);
	hash_del(t.hash, fi.fib_hash_val, fi);
	if (fi.fib_prefsrc !== 0) hash_del(t.laddrhash, fi.fib_prefsrc as number, fi);
	for (const nh of fi.fib_nh)
		if (nh.fib_nh_dev !== null) hash_del(t.devhash, nh.fib_nh_dev, nh);
	fi.fib_dead = 1;
	fib_info_put(fi);
}

/**
 * Compares two IPv6 addresses.
 * @kernel PORT: ipv6_addr_cmp on possibly absent addresses
 */
function gw6_differs(a: Uint8Array | null, b: Uint8Array | null): boolean {
	if (a === null || b === null) return a !== b;
	for (let i = 0; i < 16; i++) if (a[i] !== b[i]) return true;
	return false;
}

/**
 * Compares the next hops of two infos.
 * @returns 0 when they are equal, else -1
 * @kernel net/ipv4/fib_semantics.c:282 (v5.10)
 */
function nh_comp(fi: fib_info, ofi: fib_info): number {
	if (ofi.fib_nhs === 0) return 0;
	for (let nhsel = 0; nhsel < fi.fib_nhs; nhsel++) {
		const nh = fi.fib_nh[nhsel];
		const onh = ofi.fib_nh[nhsel];
		if (
			nh.fib_nh_oif !== onh.fib_nh_oif ||
			nh.fib_nh_gw_family !== onh.fib_nh_gw_family ||
			nh.fib_nh_scope !== onh.fib_nh_scope ||
			nh.fib_nh_weight !== onh.fib_nh_weight ||
			((nh.fib_nh_flags ^ onh.fib_nh_flags) & ~RTNH_COMPARE_MASK) !== 0
		)
			return -1;
		if (nh.fib_nh_gw_family === AF_INET && nh.fib_nh_gw4 !== onh.fib_nh_gw4) return -1;
		if (nh.fib_nh_gw_family === AF_INET6 && gw6_differs(nh.fib_nh_gw6, onh.fib_nh_gw6))
			return -1;
	}
	return 0;
}

/**
 * Hash of an info.
 * @kernel net/ipv4/fib_semantics.c:347 (v5.10)
 */
function fib_info_hashfn(fi: fib_info): number {
	let val = fi.fib_nhs;
	val ^= (fi.fib_protocol << 8) | fi.fib_scope;
	val ^= fi.fib_prefsrc;
	val ^= fi.fib_priority;
	for (const nh of fi.fib_nh) val ^= nh.fib_nh_oif ^ (nh.fib_nh_oif << 16);
	return val | 0;
}

/**
 * Are the metrics of two infos equal?
 * @kernel PORT: memcmp in fib_find_info
 */
function metrics_equal(a: Int32Array, b: Int32Array): boolean {
	for (let i = 0; i < RTAX_MAX; i++) if (a[i] !== b[i]) return false;
	return true;
}

/**
 * Finds an info that says the same.
 * @kernel net/ipv4/fib_semantics.c:399 (v5.10)
 */
function fib_find_info(nfi: fib_info): fib_info | null {
	const t = fib_info_tables_var.of(nfi.fib_net.machine);
	for (const fi of t.hash.get(fib_info_hashfn(nfi)) ?? []) {
		if (fi.fib_net !== nfi.fib_net) continue;
		if (fi.fib_nhs !== nfi.fib_nhs) continue;
		if (
			nfi.fib_protocol === fi.fib_protocol &&
			nfi.fib_scope === fi.fib_scope &&
			nfi.fib_prefsrc === fi.fib_prefsrc &&
			nfi.fib_priority === fi.fib_priority &&
			nfi.fib_type === fi.fib_type &&
			metrics_equal(nfi.fib_metrics, fi.fib_metrics) &&
			((nfi.fib_flags ^ fi.fib_flags) & ~RTNH_COMPARE_MASK) === 0 &&
			nh_comp(fi, nfi) === 0
		)
			return fi;
	}
	return null;
}

/**
 * Is a gateway in use as a next hop of a device? For redirects.
 * @param gw network order
 * @returns 0 when it is, else -1
 * @kernel net/ipv4/fib_semantics.c:431 (v5.10)
 */
export function ip_fib_check_default(gw: __be32, dev: net_device): number {
	for (const nh of fib_info_tables_var.of(dev.machine).devhash.get(dev) ?? [])
		if (nh.fib_nh_gw4 === gw && (nh.fib_nh_flags & RTNH_F_DEAD) === 0) return 0;
	return -1;
}

/**
 * Tells listeners about a route.
 * @param event RTM_NEWROUTE or RTM_DELROUTE
 * @param key prefix, network order
 * @param nlm_flags NLM_F_*
 * @kernel net/ipv4/fib_semantics.c:503 (v5.10)
 */
export function rtmsg_fib(
	event: number,
	key: __be32,
	fa: fib_alias,
	dst_len: number,
	tb_id: u32,
	net: net,
	nlm_flags: number,
): void {
	if (!rtnl_has_listeners(net, RTNLGRP_IPV4_ROUTE)) return;
	const fri = new fib_rt_info(fa.fa_info);
	fri.tb_id = tb_id;
	fri.dst = key;
	fri.dst_len = dst_len;
	fri.tos = fa.fa_tos;
	fri.type = fa.fa_type;
	fri.offload = fa.offload;
	fri.trap = fa.trap;
	rtnl_notify(net, RTNLGRP_IPV4_ROUTE, fib_dump_info(event, fri, nlm_flags));
}

/** What fib_detect_death() remembers between default routes. */
class death_state {
	last_resort: fib_info | null = null;
	last_idx = -1;
}

/**
 * Does the gateway of a default route seem to be gone?
 * @param order number of the route
 * @param st remembers the best of the doubtful ones
 * @param dflt number of the one in use
 * @returns whether to look further
 * @kernel net/ipv4/fib_semantics.c:539 (v5.10)
 */
function fib_detect_death(fi: fib_info, order: number, st: death_state, dflt: number): boolean {
	const nhc = fib_info_nhc(fi, 0);
	const m = fi.fib_net.machine;
	let state = NUD_NONE;
	let n = null;
	if (nhc.nhc_gw_family === AF_INET) {
		n = neigh_lookup(arp_tbl.of(m), nhc.nhc_gw4, nhc.nhc_dev!);
	} else if (nhc.nhc_gw_family === AF_INET6) {
		const nd_tbl = ipv6_stub.of(m).nd_tbl;
		if (nd_tbl !== null) n = neigh_lookup(nd_tbl, nhc.nhc_gw6!, nhc.nhc_dev!);
	}
	if (n === null) return false;
	state = n.nud_state;
	neigh_release(n);
	if (state === NUD_REACHABLE) return false;
	if ((state & NUD_VALID) !== 0 && order !== dflt) return false;
	if (
		(state & NUD_VALID) !== 0 ||
		(st.last_idx < 0 && order > dflt && state !== NUD_INCOMPLETE)
	) {
		st.last_resort = fi;
		st.last_idx = order;
	}
	return true;
}

/**
 * Fills a next hop from a configuration.
 * @param nh_weight 1 or more
 * @kernel net/ipv4/fib_semantics.c:611 (v5.10)
 */
export function fib_nh_init(nh: fib_nh, cfg: fib_config, nh_weight: number): void {
	nh.fib_nh_family = AF_INET;
	nh.fib_nh_oif = cfg.fc_oif;
	nh.fib_nh_gw_family = cfg.fc_gw_family;
	if (cfg.fc_gw_family === AF_INET) nh.fib_nh_gw4 = cfg.fc_gw4;
	else if (cfg.fc_gw_family === AF_INET6) nh.fib_nh_gw6 = cfg.fc_gw6;
	nh.fib_nh_flags = cfg.fc_flags & 0xff;
	nh.fib_nh_weight = nh_weight;
}

/**
 * Reads the gateway of another family.
 * @param cfg takes it
 * @returns 0 or -EINVAL
 * @kernel net/ipv4/fib_frontend.c:675 (v5.10)
 */
export function fib_gw_from_via(
	cfg: fib_config,
	tb: nlattrs,
	extack: netlink_ext_ack | null,
): number {
	const via = nla_parse_nested(tb, RTA_VIA);
	if (via === null) {
		NL_SET_ERR_MSG(extack, 'Invalid attribute length for RTA_VIA');
		return -EINVAL;
	}
	switch (nla_get_u32(via, RTVIA_FAMILY)) {
		case AF_INET: {
			const gw = nla_get_in_addr(via, RTVIA_ADDR);
			if (gw === null) {
				NL_SET_ERR_MSG(extack, 'Invalid IPv4 address in RTA_VIA');
				return -EINVAL;
			}
			cfg.fc_gw_family = AF_INET;
			cfg.fc_gw4 = gw;
			return 0;
		}
		case AF_INET6: {
			const gw = nla_data(via, RTVIA_ADDR);
			if (gw?.length !== 16) {
				NL_SET_ERR_MSG(extack, 'Invalid IPv6 address in RTA_VIA');
				return -EINVAL;
			}
			cfg.fc_gw_family = AF_INET6;
			cfg.fc_gw6 = gw.slice();
			return 0;
		}
		default:
			NL_SET_ERR_MSG(extack, 'Unsupported address family in RTA_VIA');
			return -EINVAL;
	}
}

/**
 * Fills the next hops of a multipath route.
 * @returns 0 or -EINVAL
 * @kernel net/ipv4/fib_semantics.c:667 (v5.10)
 */
function fib_get_nhs(
	fi: fib_info,
	mp: readonly nlattrs[],
	cfg: fib_config,
	extack: netlink_ext_ack | null,
): number {
	for (let nhsel = 0; nhsel < fi.fib_nhs; nhsel++) {
		const rtnh = mp[nhsel];
		const fib_cfg = new fib_config(fi.fib_net);
		const rtnh_flags = nla_get_u32(rtnh, RTNH_FLAGS) ?? 0;
		if ((rtnh_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) !== 0) {
			NL_SET_ERR_MSG(
				extack,
				'Invalid flags for nexthop - can not contain DEAD or LINKDOWN',
			);
			return -EINVAL;
		}
		fib_cfg.fc_flags = (cfg.fc_flags & ~0xff) | rtnh_flags;
		fib_cfg.fc_oif = nla_get_u32(rtnh, RTNH_IFINDEX) ?? 0;
		if (rtnh.has(RTA_GATEWAY) && rtnh.has(RTA_VIA)) {
			NL_SET_ERR_MSG(
				extack,
				'Nexthop configuration can not contain both GATEWAY and VIA',
			);
			return -EINVAL;
		}
		if (rtnh.has(RTA_GATEWAY)) {
			fib_cfg.fc_gw4 = nla_get_in_addr(rtnh, RTA_GATEWAY) ?? htonl(0);
			if (fib_cfg.fc_gw4 !== 0) fib_cfg.fc_gw_family = AF_INET;
		} else if (rtnh.has(RTA_VIA)) {
			const ret = fib_gw_from_via(fib_cfg, rtnh, extack);
			if (ret !== 0) return ret;
		}
		fib_nh_init(fi.fib_nh[nhsel], fib_cfg, (nla_get_u32(rtnh, RTNH_HOPS) ?? 0) + 1);
	}
	const nh = fi.fib_nh[0];
	if (cfg.fc_oif !== 0 && nh.fib_nh_oif !== cfg.fc_oif) {
		NL_SET_ERR_MSG(extack, 'Nexthop device index does not match RTA_OIF');
		return -EINVAL;
	}
	if (
		cfg.fc_gw_family !== 0 &&
		(cfg.fc_gw_family !== nh.fib_nh_gw_family ||
			(cfg.fc_gw_family === AF_INET && nh.fib_nh_gw4 !== cfg.fc_gw4) ||
			(cfg.fc_gw_family === AF_INET6 && gw6_differs(nh.fib_nh_gw6, cfg.fc_gw6)))
	) {
		NL_SET_ERR_MSG(extack, 'Nexthop gateway does not match RTA_GATEWAY or RTA_VIA');
		return -EINVAL;
	}
	return 0;
}

/**
 * Does a next hop not take part in the share-out?
 * @kernel PORT: condition of fib_rebalance
 */
function fib_nh_out(nh: fib_nh): boolean {
	if ((nh.fib_nh_flags & RTNH_F_DEAD) !== 0) return true;
	return (
		nh.fib_nh_dev !== null &&
		ip_ignore_linkdown(nh.fib_nh_dev) &&
		(nh.fib_nh_flags & RTNH_F_LINKDOWN) !== 0
	);
}

/**
 * Shares the hash space out to the living next hops by weight.
 * @kernel net/ipv4/fib_semantics.c:766 (v5.10)
 */
function fib_rebalance(fi: fib_info): void {
	if (fib_info_num_path(fi) < 2) return;
	let total = 0;
	for (const nh of fi.fib_nh) if (!fib_nh_out(nh)) total += nh.fib_nh_weight;
	let w = 0;
	for (const nh of fi.fib_nh) {
		let upper_bound = -1;
		if (!fib_nh_out(nh)) {
			w += nh.fib_nh_weight;
			upper_bound = Math.floor((w * 0x80000000 + Math.floor(total / 2)) / total) - 1;
		}
		nh.fib_nh_upper_bound = upper_bound;
	}
}

/**
 * Do the next hops of an info fit what a request names?
 * @returns 0 when they do, 1 when not, -EINVAL
 * @kernel net/ipv4/fib_semantics.c:841 (v5.10)
 */
export function fib_nh_match(
	cfg: fib_config,
	fi: fib_info,
	extack: netlink_ext_ack | null,
): number {
	if (cfg.fc_priority !== 0 && cfg.fc_priority !== fi.fib_priority) return 1;
	if (cfg.fc_nh_id !== 0) return 1;
	if (cfg.fc_oif !== 0 || cfg.fc_gw_family !== 0) {
		const nh = fi.fib_nh[0];
		if (
			(cfg.fc_oif !== 0 && cfg.fc_oif !== nh.fib_nh_oif) ||
			(cfg.fc_gw_family !== 0 && cfg.fc_gw_family !== nh.fib_nh_gw_family)
		)
			return 1;
		if (cfg.fc_gw_family === AF_INET && cfg.fc_gw4 !== nh.fib_nh_gw4) return 1;
		if (cfg.fc_gw_family === AF_INET6 && gw6_differs(cfg.fc_gw6, nh.fib_nh_gw6)) return 1;
		return 0;
	}
	if (cfg.fc_mp === null) return 0;
	for (let nhsel = 0; nhsel < fi.fib_nhs; nhsel++) {
		const nh = fi.fib_nh[nhsel];
		if (nhsel >= cfg.fc_mp.length) return -EINVAL;
		const rtnh = cfg.fc_mp[nhsel];
		const ifindex = nla_get_u32(rtnh, RTNH_IFINDEX) ?? 0;
		if (ifindex !== 0 && ifindex !== nh.fib_nh_oif) return 1;
		if (rtnh.has(RTA_GATEWAY) && rtnh.has(RTA_VIA)) {
			NL_SET_ERR_MSG(
				extack,
				'Nexthop configuration can not contain both GATEWAY and VIA',
			);
			return -EINVAL;
		}
		if (rtnh.has(RTA_GATEWAY)) {
			if (
				nh.fib_nh_gw_family !== AF_INET ||
				nla_get_in_addr(rtnh, RTA_GATEWAY) !== nh.fib_nh_gw4
			)
				return 1;
		} else if (rtnh.has(RTA_VIA)) {
			const cfg2 = new fib_config(cfg.fc_net);
			const err = fib_gw_from_via(cfg2, rtnh, extack);
			if (err !== 0) return err;
			if (nh.fib_nh_gw_family === AF_INET) {
				if (cfg2.fc_gw_family !== AF_INET || cfg2.fc_gw4 !== nh.fib_nh_gw4) return 1;
			} else if (nh.fib_nh_gw_family === AF_INET6) {
				if (cfg2.fc_gw_family !== AF_INET6 || gw6_differs(cfg2.fc_gw6, nh.fib_nh_gw6))
					return 1;
			}
		}
	}
	return 0;
}

/**
 * Do the metrics of an info fit what a request names?
 * @kernel net/ipv4/fib_semantics.c:955 (v5.10)
 */
export function fib_metrics_match(cfg: fib_config, fi: fib_info): boolean {
	if (cfg.fc_mx === null) return true;
	for (const type of cfg.fc_mx.keys()) {
		if (type === 0) continue;
		if (type > RTAX_MAX) return false;
		const val = nla_get_u32(cfg.fc_mx, type);
		if (val === null || fi.fib_metrics[type - 1] >>> 0 !== val) return false;
	}
	return true;
}

/**
 * Checks and resolves an IPv6 gateway.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/fib_semantics.c:995 (v5.10)
 */
function fib_check_nh_v6_gw(
	net: net,
	nh: fib_nh,
	table: u32,
	extack: netlink_ext_ack | null,
): number {
	const stub = ipv6_stub.of(net.machine);
	const cfg = new fib6_config();
	cfg.fc_table = table;
	cfg.fc_flags = nh.fib_nh_flags | RTF_GATEWAY;
	cfg.fc_ifindex = nh.fib_nh_oif;
	cfg.fc_gateway.set(nh.fib_nh_gw6!);
	const nh6 = new fib6_nh();
	const err = stub.fib6_nh_init(net, nh6, cfg, extack);
	if (err === 0) {
		nh.fib_nh_dev = nh6.fib_nh_dev;
		dev_hold(nh.fib_nh_dev!);
		nh.fib_nh_oif = nh.fib_nh_dev!.ifindex;
		nh.fib_nh_scope = RT_SCOPE_LINK;

		stub.fib6_nh_release(nh6);
	}

	return err;
}

/**
 * Checks and resolves an IPv4 gateway: it must be reached by a route of narrower scope, or be declared on-link.
 * @param table table of the route, 0 for main
 * @param scope scope of the route
 * @returns 0, -EINVAL, -ENODEV, -ENETDOWN, or what the lookup says
 * @kernel net/ipv4/fib_semantics.c:1063 (v5.10)
 */
function fib_check_nh_v4_gw(
	net: net,
	nh: fib_nh,
	table: u32,
	scope: u8,
	extack: netlink_ext_ack | null,
): number {
	if ((nh.fib_nh_flags & RTNH_F_ONLINK) !== 0) {
		if (scope >= RT_SCOPE_LINK) {
			NL_SET_ERR_MSG(extack, 'Nexthop has invalid scope');
			return -EINVAL;
		}
		const dev = __dev_get_by_index(net, nh.fib_nh_oif);
		if (dev === null) {
			NL_SET_ERR_MSG(extack, 'Nexthop device required for onlink');
			return -ENODEV;
		}
		if ((dev.flags & IFF_UP) === 0) {
			NL_SET_ERR_MSG(extack, 'Nexthop device is not up');
			return -ENETDOWN;
		}
		const addr_type = ipv4_stub
			.of(net.machine)
			.inet_addr_type_dev_table(net, dev, nh.fib_nh_gw4);
		if (addr_type !== RTN_UNICAST) {
			NL_SET_ERR_MSG(extack, 'Nexthop has invalid gateway');
			return -EINVAL;
		}
		if (!netif_carrier_ok(dev)) nh.fib_nh_flags |= RTNH_F_LINKDOWN;
		nh.fib_nh_dev = dev;
		dev_hold(dev);
		nh.fib_nh_scope = RT_SCOPE_LINK;
		return 0;
	}
	const fl4 = new flowi4();
	const res = new fib_result();
	fl4.daddr = nh.fib_nh_gw4;
	fl4.flowi4_scope = (scope + 1) & 0xff;
	fl4.flowi4_oif = nh.fib_nh_oif;
	fl4.flowi4_iif = LOOPBACK_IFINDEX;
	if (fl4.flowi4_scope < RT_SCOPE_LINK) fl4.flowi4_scope = RT_SCOPE_LINK;
	let tbl = null;
	let err = 0;
	if (table !== 0 && table !== RT_TABLE_MAIN) tbl = fib_get_table(net, table);
	if (tbl !== null)
		err = tbl.tb_lookup(tbl, fl4, res, FIB_LOOKUP_IGNORE_LINKSTATE | FIB_LOOKUP_NOREF);
	if (tbl === null || err !== 0) err = fib_lookup(net, fl4, res, FIB_LOOKUP_IGNORE_LINKSTATE);
	if (err !== 0) {
		NL_SET_ERR_MSG(extack, 'Nexthop has invalid gateway');
		return err;
	}
	if (res.type !== RTN_UNICAST && res.type !== RTN_LOCAL) {
		NL_SET_ERR_MSG(extack, 'Nexthop has invalid gateway');
		return -EINVAL;
	}
	nh.fib_nh_scope = res.scope;
	nh.fib_nh_oif = FIB_RES_OIF(res);
	const dev = FIB_RES_DEV(res);
	nh.fib_nh_dev = dev;
	if (dev === null) {
		NL_SET_ERR_MSG(extack, 'No egress device for nexthop gateway');
		return -EINVAL;
	}
	dev_hold(dev);
	if (!netif_carrier_ok(dev)) nh.fib_nh_flags |= RTNH_F_LINKDOWN;
	return (dev.flags & IFF_UP) !== 0 ? 0 : -ENETDOWN;
}

/**
 * Checks and resolves a next hop without gateway.
 * @returns 0, -EINVAL, -ENODEV, -ENETDOWN
 * @kernel net/ipv4/fib_semantics.c:1157 (v5.10)
 */
function fib_check_nh_nongw(net: net, nh: fib_nh, extack: netlink_ext_ack | null): number {
	if ((nh.fib_nh_flags & (RTNH_F_PERVASIVE | RTNH_F_ONLINK)) !== 0) {
		NL_SET_ERR_MSG(
			extack,
			'Invalid flags for nexthop - PERVASIVE and ONLINK can not be set',
		);
		return -EINVAL;
	}
	const in_dev = inetdev_by_index(net, nh.fib_nh_oif);
	if (in_dev === null) return -ENODEV;
	if ((in_dev.dev.flags & IFF_UP) === 0) {
		NL_SET_ERR_MSG(extack, 'Device for nexthop is not up');
		return -ENETDOWN;
	}
	nh.fib_nh_dev = in_dev.dev;
	dev_hold(nh.fib_nh_dev);
	nh.fib_nh_scope = RT_SCOPE_HOST;
	if (!netif_carrier_ok(nh.fib_nh_dev)) nh.fib_nh_flags |= RTNH_F_LINKDOWN;
	return 0;
}

/**
 * Checks and resolves a next hop.
 * @param table table of the route
 * @param scope scope of the route
 * @returns 0 or a negative errno
 * @kernel net/ipv4/fib_semantics.c:1192 (v5.10)
 */
export function fib_check_nh(
	net: net,
	nh: fib_nh,
	table: u32,
	scope: u8,
	extack: netlink_ext_ack | null,
): number {
	if (nh.fib_nh_gw_family === AF_INET) return fib_check_nh_v4_gw(net, nh, table, scope, extack);
	if (nh.fib_nh_gw_family === AF_INET6) return fib_check_nh_v6_gw(net, nh, table, extack);
	return fib_check_nh_nongw(net, nh, extack);
}

/**
 * Chooses the source address of packets through a next hop again.
 * @param scope of the route
 * @returns network order
 * @kernel net/ipv4/fib_semantics.c:1289 (v5.10)
 */
export function fib_info_update_nhc_saddr(net: net, nhc: fib_nh_common, scope: u8): __be32 {
	const nh = nhc.nh;
	if (nhc.nhc_family !== AF_INET || nh === null)
		return inet_select_addr(nhc.nhc_dev!, htonl(0), scope);
	nh.nh_saddr = inet_select_addr(nh.fib_nh_dev!, nh.fib_nh_gw4, scope);
	nh.nh_saddr_genid = net.ipv4.dev_addr_genid;
	return nh.nh_saddr;
}

/**
 * Source address of packets that take a lookup's answer.
 * @returns network order
 * @kernel net/ipv4/fib_semantics.c:1304 (v5.10)
 */
export function fib_result_prefsrc(net: net, res: fib_result): __be32 {
	const nhc = res.nhc!;
	const fi = res.fi!;
	if (fi.fib_prefsrc !== 0) return fi.fib_prefsrc;
	if (nhc.nhc_family === AF_INET && nhc.nh !== null) {
		if (nhc.nh.nh_saddr_genid === net.ipv4.dev_addr_genid) return nhc.nh.nh_saddr;
	}
	return fib_info_update_nhc_saddr(net, nhc, fi.fib_scope);
}

/**
 * Is a preferred source one of this host's addresses?
 * @param fib_prefsrc network order
 * @kernel net/ipv4/fib_semantics.c:1322 (v5.10)
 */
function fib_valid_prefsrc(cfg: fib_config, fib_prefsrc: __be32): boolean {
	if (cfg.fc_type === RTN_LOCAL && cfg.fc_dst !== 0 && fib_prefsrc === cfg.fc_dst) return true;
	const stub = ipv4_stub.of(cfg.fc_net.machine);
	let tb_id = cfg.fc_table;
	if (tb_id === RT_TABLE_MAIN) tb_id = RT_TABLE_LOCAL;
	let rc = stub.inet_addr_type_table(cfg.fc_net, fib_prefsrc, tb_id);
	if (rc !== RTN_LOCAL && tb_id !== RT_TABLE_LOCAL)
		rc = stub.inet_addr_type_table(cfg.fc_net, fib_prefsrc, RT_TABLE_LOCAL);
	return rc === RTN_LOCAL;
}

/**
 * Makes an info from a configuration, or finds one that says the same.
 * @returns the info with a reference for the route, or a negative errno
 * @kernel net/ipv4/fib_semantics.c:1346 (v5.10)
 */
export function fib_create_info(
	cfg: fib_config,
	extack: netlink_ext_ack | null,
): fib_info | number {
	const net = cfg.fc_net;
	const t = fib_info_tables_var.of(net.machine);
	if (cfg.fc_type > RTN_MAX) return -EINVAL;
	if (fib_props[cfg.fc_type].scope > cfg.fc_scope) {
		NL_SET_ERR_MSG(extack, 'Invalid scope');
		return -EINVAL;
	}
	if ((cfg.fc_flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) !== 0) {
		NL_SET_ERR_MSG(extack, 'Invalid rtm_flags - can not contain DEAD or LINKDOWN');
		return -EINVAL;
	}
	if (cfg.fc_nh_id !== 0) {
		NL_SET_ERR_MSG(extack, 'Nexthop id does not exist');
		return -EINVAL;
	}
	let nhs = 1;
	if (cfg.fc_mp !== null) {
		nhs = cfg.fc_mp.length;
		if (nhs === 0) return -EINVAL;
	}
	const metrics = ip_fib_metrics_init(cfg.fc_mx, extack);
	if (IS_ERR(metrics)) return metrics;
	const fi = new fib_info(net, metrics);
	t.fib_info_cnt++;
	fi.fib_protocol = cfg.fc_protocol;
	fi.fib_scope = cfg.fc_scope;
	fi.fib_flags = cfg.fc_flags;
	fi.fib_priority = cfg.fc_priority;
	fi.fib_prefsrc = cfg.fc_prefsrc;
	fi.fib_type = cfg.fc_type;
	fi.fib_tb_id = cfg.fc_table;
	fi.fib_nhs = nhs;
	for (let i = 0; i < nhs; i++) {
		const nh = new fib_nh();
		nh.nh_parent = fi;
		fi.fib_nh.push(nh);
	}
	let err = 0;
	failure: {
		if (cfg.fc_mp !== null) err = fib_get_nhs(fi, cfg.fc_mp, cfg, extack);
		else fib_nh_init(fi.fib_nh[0], cfg, 1);
		if (err !== 0) break failure;

		link_it: {
			if (fib_props[cfg.fc_type].error !== 0) {
				if (cfg.fc_gw_family !== 0 || cfg.fc_oif !== 0 || cfg.fc_mp !== null) {
					NL_SET_ERR_MSG(
						extack,
						'Gateway, device and multipath can not be specified for this route type',
					);
					err = -EINVAL;
					break failure;
				}
				break link_it;
			}
			switch (cfg.fc_type) {
				case RTN_UNICAST:
				case RTN_LOCAL:
				case RTN_BROADCAST:
				case RTN_ANYCAST:
				case RTN_MULTICAST:
					break;
				default:
					NL_SET_ERR_MSG(extack, 'Invalid route type');
					err = -EINVAL;
					break failure;
			}
			if (cfg.fc_scope > RT_SCOPE_HOST) {
				NL_SET_ERR_MSG(extack, 'Invalid scope');
				err = -EINVAL;
				break failure;
			}
			if (cfg.fc_scope === RT_SCOPE_HOST) {
				const nh = fi.fib_nh[0];
				if (nhs !== 1) {
					NL_SET_ERR_MSG(
						extack,
						'Route with host scope can not have multiple nexthops',
					);
					err = -EINVAL;
					break failure;
				}
				if (nh.fib_nh_gw_family !== 0) {
					NL_SET_ERR_MSG(extack, 'Route with host scope can not have a gateway');
					err = -EINVAL;
					break failure;
				}
				nh.fib_nh_scope = RT_SCOPE_NOWHERE;
				nh.fib_nh_dev = dev_get_by_index(net, nh.fib_nh_oif);
				if (nh.fib_nh_dev === null) {
					err = -ENODEV;
					break failure;
				}
			} else {
				let linkdown = 0;
				for (const nh of fi.fib_nh) {
					err = fib_check_nh(net, nh, cfg.fc_table, cfg.fc_scope, extack);
					if (err !== 0) break failure;
					if ((nh.fib_nh_flags & RTNH_F_LINKDOWN) !== 0) linkdown++;
				}
				if (linkdown === fi.fib_nhs) fi.fib_flags |= RTNH_F_LINKDOWN;
			}
			if (fi.fib_prefsrc !== 0 && !fib_valid_prefsrc(cfg, fi.fib_prefsrc)) {
				NL_SET_ERR_MSG(extack, 'Invalid prefsrc address');
				err = -EINVAL;
				break failure;
			}
			for (const nh of fi.fib_nh) {
				fib_info_update_nhc_saddr(net, nh.nh_common, fi.fib_scope);
				if (nh.fib_nh_gw_family === AF_INET6) fi.fib_nh_is_v6 = true;
			}
			fib_rebalance(fi);
		}

		const ofi = fib_find_info(fi);
		if (ofi !== null) {
			fi.fib_dead = 1;
			free_fib_info(fi);
			ofi.fib_treeref++;
			return ofi;
		}
		fi.fib_treeref++;
		fi.fib_clntref = 1;
		fi.fib_hash_val = fib_info_hashfn(fi);
		hash_add(t.hash, fi.fib_hash_val, fi);
		if (fi.fib_prefsrc !== 0) hash_add(t.laddrhash, fi.fib_prefsrc as number, fi);
		for (const nh of fi.fib_nh)
			if (nh.fib_nh_dev !== null) hash_add(t.devhash, nh.fib_nh_dev, nh);
		return fi;
	}
	fi.fib_dead = 1;
	free_fib_info(fi);
	return err;
}

/**
 * Adds a next hop to a message.
 * @param rt_family family of the route
 * @param skip_oif leaves RTA_OIF out
 * @returns RTNH_F_* to add to the flags
 * @kernel net/ipv4/fib_semantics.c:1593 (v5.10)
 */
export function fib_nexthop_info(
	tb: nlattrs,
	nhc: fib_nh_common,
	rt_family: u8,
	skip_oif: boolean,
): number {
	let flags = 0;
	if ((nhc.nhc_flags & RTNH_F_DEAD) !== 0) flags |= RTNH_F_DEAD;
	if ((nhc.nhc_flags & RTNH_F_LINKDOWN) !== 0) {
		flags |= RTNH_F_LINKDOWN;
		if (nhc.nhc_family === AF_INET && ip_ignore_linkdown(nhc.nhc_dev!)) flags |= RTNH_F_DEAD;
	}
	if (nhc.nhc_gw_family === AF_INET) {
		nla_put_u32(tb, RTA_GATEWAY, ntohl(nhc.nhc_gw4));
	} else if (nhc.nhc_gw_family === AF_INET6) {
		if (rt_family !== nhc.nhc_gw_family) {
			const via = nla_nest_start(tb, RTA_VIA);
			via.set(RTVIA_FAMILY, AF_INET6);
			via.set(RTVIA_ADDR, nhc.nhc_gw6!.slice());
		} else {
			nla_put(tb, RTA_GATEWAY, nhc.nhc_gw6!.slice());
		}
	}
	flags |= nhc.nhc_flags & RTNH_F_ONLINK;
	if ((nhc.nhc_flags & RTNH_F_OFFLOAD) !== 0) flags |= RTNH_F_OFFLOAD;
	if (!skip_oif && nhc.nhc_dev !== null) nla_put_u32(tb, RTA_OIF, nhc.nhc_dev.ifindex);
	return flags;
}

/**
 * Makes the nest of one next hop of a multipath route.
 * @param nh_weight 1 or more
 * @param rt_family family of the route
 * @kernel net/ipv4/fib_semantics.c:1665 (v5.10)
 */
export function fib_add_nexthop(nhc: fib_nh_common, nh_weight: number, rt_family: u8): nlattrs {
	const rtnh: nlattrs = new Map();
	rtnh.set(RTNH_HOPS, nh_weight - 1);
	rtnh.set(RTNH_IFINDEX, nhc.nhc_dev?.ifindex ?? 0);
	rtnh.set(RTNH_FLAGS, fib_nexthop_info(rtnh, nhc, rt_family, true));
	return rtnh;
}

/**
 * Adds RTA_MULTIPATH.
 * @kernel net/ipv4/fib_semantics.c:1696 (v5.10)
 */
function fib_add_multipath(tb: nlattrs, fi: fib_info): void {
	tb.set(
		RTA_MULTIPATH,
		fi.fib_nh.map((nh) => fib_add_nexthop(nh.nh_common, nh.fib_nh_weight, AF_INET)),
	);
}

/**
 * Describes a route in a message.
 * @param event RTM_NEWROUTE or RTM_DELROUTE
 * @param nlm_flags NLM_F_*
 * @kernel net/ipv4/fib_semantics.c:1736 (v5.10)
 */
export function fib_dump_info(event: number, fri: fib_rt_info, nlm_flags: number): rtmsg_msg {
	const fi = fri.fi;
	const tb_id = fri.tb_id;
	const rtm = new rtmsg_msg(event, nlm_flags);
	const tb = rtm.tb;
	rtm.rtm_family = AF_INET;
	rtm.rtm_dst_len = fri.dst_len;
	rtm.rtm_tos = fri.tos;
	rtm.rtm_table = tb_id < 256 ? tb_id : RT_TABLE_COMPAT;
	nla_put_u32(tb, RTA_TABLE, tb_id);
	rtm.rtm_type = fri.type;
	rtm.rtm_flags = fi.fib_flags;
	rtm.rtm_scope = fi.fib_scope;
	rtm.rtm_protocol = fi.fib_protocol;
	if (rtm.rtm_dst_len !== 0) nla_put_u32(tb, RTA_DST, ntohl(fri.dst));
	if (fi.fib_priority !== 0) nla_put_u32(tb, RTA_PRIORITY, fi.fib_priority);
	rtnetlink_put_metrics(tb, fi.fib_metrics);
	if (fi.fib_prefsrc !== 0) nla_put_u32(tb, RTA_PREFSRC, ntohl(fi.fib_prefsrc));
	if (fib_info_num_path(fi) === 1)
		rtm.rtm_flags = fib_nexthop_info(tb, fib_info_nhc(fi, 0), AF_INET, false);
	else fib_add_multipath(tb, fi);
	if (fri.offload) rtm.rtm_flags |= RTM_F_OFFLOAD;
	if (fri.trap) rtm.rtm_flags |= RTM_F_TRAP;
	return rtm;
}

/**
 * A local address goes: routes that prefer it as source die.
 * @param local network order
 * @returns how many infos died
 * @kernel net/ipv4/fib_semantics.c:1830 (v5.10)
 */
export function fib_sync_down_addr(dev: net_device, local: __be32): number {
	if (local === 0) return 0;
	const tb_id = l3mdev_fib_table(dev) || RT_TABLE_MAIN;
	const net = dev_net(dev);
	let ret = 0;
	for (const fi of fib_info_tables_var.of(dev.machine).laddrhash.get(local) ?? []) {
		if (fi.fib_net !== net || fi.fib_tb_id !== tb_id) continue;
		fi.fib_flags |= RTNH_F_DEAD;
		ret++;
	}
	return ret;
}

/**
 * The MTU of a next hop's device changed: exceptions that it limits follow.
 * @param new_ bytes
 * @param orig bytes
 * @kernel net/ipv4/fib_semantics.c:1892 (v5.10)
 */
export function fib_nhc_update_mtu(nhc: fib_nh_common, new_: u32, orig: u32): void {
	const bucket = nhc.nhc_exceptions;
	if (bucket === null) return;
	for (let i = 0; i < FNHE_HASH_SIZE; i++) {
		for (let fnhe = bucket[i]; fnhe !== null; fnhe = fnhe.fnhe_next) {
			if (fnhe.fnhe_mtu_locked) {
				if (new_ <= fnhe.fnhe_pmtu) {
					fnhe.fnhe_pmtu = new_;
					fnhe.fnhe_mtu_locked = false;
				}
			} else if (new_ < fnhe.fnhe_pmtu || orig === fnhe.fnhe_pmtu) {
				fnhe.fnhe_pmtu = new_;
			}
		}
	}
}

/**
 * The MTU of a device changed.
 * @param orig_mtu bytes
 * @kernel net/ipv4/fib_semantics.c:1920 (v5.10)
 */
export function fib_sync_mtu(dev: net_device, orig_mtu: u32): void {
	for (const nh of fib_info_tables_var.of(dev.machine).devhash.get(dev) ?? [])
		fib_nhc_update_mtu(nh.nh_common, dev.mtu, orig_mtu);
}

/**
 * A device lost its carrier (NETDEV_CHANGE), goes down, or goes away: next hops through it die, and routes without a
 * living next hop with them.
 * @param event NETDEV_*
 * @param force local routes too
 * @returns how many infos died
 * @kernel net/ipv4/fib_semantics.c:1940 (v5.10)
 */
export function fib_sync_down_dev(dev: net_device, event: number, force: boolean): number {
	const scope = force ? -1 : RT_SCOPE_NOWHERE;
	let ret = 0;
	let prev_fi: fib_info | null = null;
	for (const nh of fib_info_tables_var.of(dev.machine).devhash.get(dev) ?? []) {
		const fi: fib_info = nh.nh_parent!;
		if (fi === prev_fi) continue;
		prev_fi = fi;
		let dead = 0;
		for (const nexthop_nh of fi.fib_nh) {
			if ((nexthop_nh.fib_nh_flags & RTNH_F_DEAD) !== 0) {
				dead++;
			} else if (nexthop_nh.fib_nh_dev === dev && nexthop_nh.fib_nh_scope !== scope) {
				if (event === NETDEV_DOWN || event === NETDEV_UNREGISTER)
					nexthop_nh.fib_nh_flags |= RTNH_F_DEAD | RTNH_F_LINKDOWN;
				else if (event === NETDEV_CHANGE) nexthop_nh.fib_nh_flags |= RTNH_F_LINKDOWN;
				dead++;
			}
			if (event === NETDEV_UNREGISTER && nexthop_nh.fib_nh_dev === dev) {
				dead = fi.fib_nhs;
				break;
			}
		}
		if (dead === fi.fib_nhs) {
			if (event === NETDEV_DOWN || event === NETDEV_UNREGISTER)
				fi.fib_flags |= RTNH_F_DEAD | RTNH_F_LINKDOWN;
			else if (event === NETDEV_CHANGE) fi.fib_flags |= RTNH_F_LINKDOWN;
			ret++;
		}
		fib_rebalance(fi);
	}
	return ret;
}

/**
 * Chooses among several default routes the one whose gateway seems to be alive.
 * @kernel net/ipv4/fib_semantics.c:2007 (v5.10)
 */
function fib_select_default(flp: flowi4, res: fib_result): void {
	let fi: fib_info | null = null;
	const st = new death_state();
	const slen = 32 - res.prefixlen;
	let order = -1;
	let fa1: fib_alias | null = null;
	let last_prio = res.fi!.fib_priority;
	let last_tos = 0;
	for (let fa = res.fa_head!.first; fa !== null; fa = fa.fa_next) {
		const next_fi = fa.fa_info;
		if (fa.fa_slen !== slen) continue;
		if (fa.fa_tos !== 0 && fa.fa_tos !== flp.flowi4_tos) continue;
		if (fa.tb_id !== res.table!.tb_id) continue;
		if (next_fi.fib_priority > last_prio && fa.fa_tos === last_tos) {
			if (last_tos !== 0) continue;
			break;
		}
		if ((next_fi.fib_flags & RTNH_F_DEAD) !== 0) continue;
		last_tos = fa.fa_tos;
		last_prio = next_fi.fib_priority;
		if (next_fi.fib_scope !== res.scope || fa.fa_type !== RTN_UNICAST) continue;
		const nhc = fib_info_nhc(next_fi, 0);
		if (nhc.nhc_gw_family === 0 || nhc.nhc_scope !== RT_SCOPE_LINK) continue;
		fib_alias_accessed(fa);
		if (fi === null) {
			if (next_fi !== res.fi) break;
			fa1 = fa;
		} else if (!fib_detect_death(fi, order, st, fa1!.fa_default)) {
			fib_result_assign(res, fi);
			fa1!.fa_default = order;
			return;
		}
		fi = next_fi;
		order++;
	}
	if (order <= 0 || fi === null) {
		if (fa1 !== null) fa1.fa_default = -1;
		return;
	}
	if (!fib_detect_death(fi, order, st, fa1!.fa_default)) {
		fib_result_assign(res, fi);
		fa1!.fa_default = order;
		return;
	}
	if (st.last_idx >= 0) fib_result_assign(res, st.last_resort!);
	fa1!.fa_default = st.last_idx;
}

/**
 * A device came up or got its carrier: next hops through it live again.
 * @param nh_flags RTNH_F_* to take away
 * @returns how many infos live
 * @kernel net/ipv4/fib_semantics.c:2089 (v5.10)
 */
export function fib_sync_up(dev: net_device, nh_flags: number): number {
	if ((dev.flags & IFF_UP) === 0) return 0;
	if ((nh_flags & RTNH_F_DEAD) !== 0) {
		if ((dev_get_flags(dev) & (IFF_RUNNING | IFF_LOWER_UP)) !== 0) nh_flags |= RTNH_F_LINKDOWN;
	}
	let prev_fi: fib_info | null = null;
	let ret = 0;
	for (const nh of fib_info_tables_var.of(dev.machine).devhash.get(dev) ?? []) {
		const fi: fib_info = nh.nh_parent!;
		if (fi === prev_fi) continue;
		prev_fi = fi;
		let alive = 0;
		for (const nexthop_nh of fi.fib_nh) {
			if ((nexthop_nh.fib_nh_flags & nh_flags) === 0) {
				alive++;
				continue;
			}
			if (nexthop_nh.fib_nh_dev === null || (nexthop_nh.fib_nh_dev.flags & IFF_UP) === 0)
				continue;
			if (nexthop_nh.fib_nh_dev !== dev || dev.ip_ptr === null) continue;
			alive++;
			nexthop_nh.fib_nh_flags &= ~nh_flags;
		}
		if (alive > 0) {
			fi.fib_flags &= ~nh_flags;
			ret++;
		}
		fib_rebalance(fi);
	}
	return ret;
}

/**
 * Is the gateway of a next hop not known to be gone?
 * @kernel net/ipv4/fib_semantics.c:2150 (v5.10)
 */
function fib_good_nh(nh: fib_nh): boolean {
	let state = NUD_REACHABLE;
	if (nh.fib_nh_scope === RT_SCOPE_LINK) {
		const dev = nh.fib_nh_dev!;
		let n = null;
		if (nh.fib_nh_gw_family === AF_INET) {
			n = __ipv4_neigh_lookup_noref(dev, nh.fib_nh_gw4);
		} else if (nh.fib_nh_gw_family === AF_INET6) {
			const nd_tbl = ipv6_stub.of(dev.machine).nd_tbl;
			if (nd_tbl !== null) n = __neigh_lookup_noref(nd_tbl, nh.fib_nh_gw6!, dev);
		}
		if (n !== null) state = n.nud_state;
	}
	return (state & NUD_VALID) !== 0;
}

/**
 * Chooses a next hop by the hash of a flow.
 * @param hash 31 bits
 * @kernel net/ipv4/fib_semantics.c:2176 (v5.10)
 */
export function fib_select_multipath(res: fib_result, hash: number): void {
	const fi = res.fi!;
	const use_neigh = fi.fib_net.ipv4.sysctl_fib_multipath_use_neigh !== 0;
	let first = false;
	for (let nhsel = 0; nhsel < fi.fib_nhs; nhsel++) {
		const nexthop_nh = fi.fib_nh[nhsel];
		if (use_neigh) {
			if (!fib_good_nh(nexthop_nh)) continue;
			if (!first) {
				res.nh_sel = nhsel;
				res.nhc = nexthop_nh.nh_common;
				first = true;
			}
		}
		if (hash > nexthop_nh.fib_nh_upper_bound) continue;
		res.nh_sel = nhsel;
		res.nhc = nexthop_nh.nh_common;
		return;
	}
}

/**
 * Chooses the next hop, and the source address when the flow has none.
 * @param skb packet whose header tells the flow, or null
 * @kernel net/ipv4/fib_semantics.c:2208 (v5.10)
 */
export function fib_select_path(
	net: net,
	res: fib_result,
	fl4: flowi4,
	skb: sk_buff | null,
): void {
	if (fl4.flowi4_oif === 0 || (fl4.flowi4_flags & FLOWI_FLAG_SKIP_NH_OIF) !== 0) {
		if (fib_info_num_path(res.fi!) > 1) {
			const h = ipv4_stub.of(net.machine).fib_multipath_hash(net, fl4, skb);
			fib_select_multipath(res, h);
		} else if (
			res.prefixlen === 0 &&
			res.table!.tb_num_default > 1 &&
			res.type === RTN_UNICAST
		) {
			fib_select_default(fl4, res);
		}
	}
	if (fl4.saddr === 0) fl4.saddr = fib_result_prefsrc(net, res);
}

/**
 * Number of infos alive on a machine.
 * @kernel PORT: fib_info_cnt, for tests
 */
export function fib_info_count(m: Machine): number {
	return fib_info_tables_var.of(m).fib_info_cnt;
}
