// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/ip6_fib.c, base v5.10: the routing tables: a radix tree a table, its nodes ordered by prefix, the
 * entries of a node by metric.
 *
 * PORT: a pointer to the link that holds an entry is the entry before it, null for the node's leaf. A dump gives
 * all messages at once, so a walk is never left half done. Functions of route.ts are called by way of
 * ipv6_stub. Tables are walked in the order of C's hash buckets.
 * Not ported: subtrees keyed by source (CONFIG_IPV6_SUBTREES), fib notifiers, next hop objects, /proc/net/ipv6_route.
 */
import { call_rcu, HZ, type Machine } from '../../include/linux/machine.ts';
import { del_timer, mod_timer, timer_pending, timer_setup } from '../../include/linux/timer.ts';
import type { in6_addr } from '../../include/linux/types.ts';
import { dst_release, RTAX_MTU } from '../../include/net/dst.ts';
import {
	fib6_clean_expires,
	fib6_gc_args,
	fib6_info,
	fib6_info_hold,
	fib6_node,
	fib6_set_expires,
	fib6_table,
	fib6_walker,
	FWS_C,
	FWS_L,
	FWS_R,
	FWS_U,
	nl_info6,
	RT6_TABLE_LOCAL,
	RT6_TABLE_MAIN,
	rt6_statistics,
	RTF_EXPIRES,
	RTN_RTINFO,
	RTN_ROOT,
	RTN_TL_ROOT,
	type fib6_nh,
	type rt6_info,
} from '../../include/net/ip6_fib.ts';
import {
	RT6_LOOKUP_F_DST_NOREF,
	rt6_duplicate_nexthop,
	rt6_qualify_for_ecmp,
	rt6_rtnl_dump_arg,
} from '../../include/net/ip6_route.ts';
import { ipv6_addr_diff, ipv6_prefix_equal } from '../../include/net/ipv6.ts';
import { ipv6_stub } from '../../include/net/ipv6_stubs.ts';
import type { net, pernet_operations } from '../../include/net/net_namespace.ts';
import {
	nla_get_u32,
	NL_SET_ERR_MSG,
	NLM_F_APPEND,
	NLM_F_CREATE,
	NLM_F_EXCL,
	NLM_F_REPLACE,
	type netlink_ext_ack,
	type nlmsg,
} from '../../include/net/netlink.ts';
import { PF_INET6 } from '../../include/linux/socket.ts';
import { EEXIST, ENODEV, ENOENT } from '../../include/uapi/linux/errno.ts';
import {
	RTA_OIF,
	RTA_TABLE,
	RTM_DELROUTE,
	RTM_F_CLONED,
	RTM_GETROUTE,
	RTM_NEWROUTE,
	rtmsg_msg,
} from '../../include/uapi/linux/rtnetlink.ts';
import { dst_default_metrics } from '../core/dst.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import { rtnl_register } from '../core/rtnetlink.ts';

/** A walk that deletes what a function picks. */
class fib6_cleaner extends fib6_walker {
	net: net;
	/** -1: delete this entry; -2: skip its siblings; 0: keep. */
	clean: ((rt: fib6_info) => number) | null;
	sernum: number;
	skip_notify: boolean;

	constructor(
		net: net,
		clean: ((rt: fib6_info) => number) | null,
		sernum: number,
		skip_notify: boolean,
	) {
		super();
		this.net = net;
		this.clean = clean;
		this.sernum = sernum;
		this.skip_notify = skip_notify;
	}
}

const INT_MAX = 0x7fffffff;
const FIB6_NO_SERNUM_CHANGE = 0;

/**
 * Drops a reference on an IPv6 route.
 * @kernel PORT: inline of include/net/ip6_fib.h:311, include/ does not import net/
 */
export function ip6_rt_put(rt: rt6_info | null): void {
	dst_release(rt);
}

/**
 * Drops the reference that a lookup with these flags took.
 * @param flags RT6_LOOKUP_F_*
 * @kernel PORT: inline of include/net/ip6_route.h:104, include/ does not import net/
 */
export function ip6_rt_put_flags(rt: rt6_info, flags: number): void {
	if ((flags & RT6_LOOKUP_F_DST_NOREF) === 0 || rt.rt6i_uncached) ip6_rt_put(rt);
}

/**
 * Drops a reference on an entry; the last one ends it after the grace period.
 * @kernel PORT: inline of include/net/ip6_fib.h:333, include/ does not import net/
 */
export function fib6_info_release(f6i: fib6_info | null): void {
	if (f6i === null || --f6i.fib6_ref !== 0) return;
	const dev = f6i.fib6_nh.fib_nh_dev;
	if (dev === null) return;
	call_rcu(dev.machine, () => {
		fib6_info_destroy_rcu(dev.machine, f6i);
	});
}

/**
 * Rounds a time far off to a whole second, so that timers fire together.
 * @param j absolute jiffies
 * @kernel PORT: kernel/time/timer.c round_jiffies
 */
function round_jiffies(m: Machine, j: number): number {
	const rem = j % HZ;
	const rounded = rem < HZ / 4 ? j - rem : j - rem + HZ;
	return rounded > m.jiffies ? rounded : j;
}

/**
 * Makes a walk known, so that changes of the tree move it along.
 * @kernel net/ipv6/ip6_fib.c:76 (v5.10)
 */
function fib6_walker_link(net: net, w: fib6_walker): void {
	net.ipv6.fib6_walkers.unshift(w);
}

/**
 * Forgets a walk.
 * @kernel net/ipv6/ip6_fib.c:83 (v5.10)
 */
function fib6_walker_unlink(net: net, w: fib6_walker): void {
	const i = net.ipv6.fib6_walkers.indexOf(w);
	if (i >= 0) net.ipv6.fib6_walkers.splice(i, 1);
}

/**
 * Next serial number.
 * @kernel net/ipv6/ip6_fib.c:90 (v5.10)
 */
function fib6_new_sernum(net: net): number {
	const old = net.ipv6.fib6_sernum;
	return (net.ipv6.fib6_sernum = old < INT_MAX ? old + 1 : 1);
}

/**
 * Makes cached routes of an entry's node look again.
 * @kernel net/ipv6/ip6_fib.c:106 (v5.10)
 */
export function fib6_update_sernum(net: net, f6i: fib6_info): void {
	const fn = f6i.fib6_node;
	if (fn !== null) fn.fn_sernum = fib6_new_sernum(net);
}

/**
 * Tells a bit of an address, the first being bit 0.
 * @param fn_bit 0..127; beyond that the answer is no
 * @kernel net/ipv6/ip6_fib.c:132 (v5.10)
 */
function addr_bit_set(addr: in6_addr, fn_bit: number): boolean {
	/* PORT: the C looks past the end for bit 128, at nodes that have no children */
	return fn_bit < 128 && (addr[fn_bit >> 3] & (0x80 >> (fn_bit & 7))) !== 0;
}

/**
 * Makes an entry with one reference.
 * @kernel net/ipv6/ip6_fib.c:146 (v5.10)
 */
export function fib6_info_alloc(): fib6_info {
	return new fib6_info(dst_default_metrics);
}

/**
 * Ends an entry that nobody refers to.
 * @kernel net/ipv6/ip6_fib.c:165 (v5.10)
 */
export function fib6_info_destroy_rcu(m: Machine, f6i: fib6_info): void {
	if (f6i.fib6_node !== null)
		m.record('WARN', 'fib6_info_destroy_rcu', 'entry is still in the tree');
	ipv6_stub.of(m).fib6_nh_release(f6i.fib6_nh);
}

/**
 * Makes a node.
 * @kernel net/ipv6/ip6_fib.c:181 (v5.10)
 */
function node_alloc(net: net): fib6_node {
	net.ipv6.rt6_stats!.fib_nodes++;
	return new fib6_node();
}

/**
 * Gives a node back.
 * @kernel net/ipv6/ip6_fib.c:205 (v5.10)
 */
function node_free(net: net, _fn: fib6_node): void {
	net.ipv6.rt6_stats!.fib_nodes--;
}

/**
 * Makes a table known.
 * @kernel net/ipv6/ip6_fib.c:217 (v5.10)
 */
function fib6_link_table(net: net, tb: fib6_table): void {
	net.ipv6.fib_table_hash.set(tb.tb6_id, tb);
}

/**
 * Makes an empty table.
 * @kernel net/ipv6/ip6_fib.c:237 (v5.10)
 */
function fib6_alloc_table(net: net, id: number): fib6_table {
	const table = new fib6_table(id);
	table.tb6_root.leaf = net.ipv6.fib6_null_entry;
	table.tb6_root.fn_flags = RTN_ROOT | RTN_TL_ROOT | RTN_RTINFO;
	return table;
}

/**
 * Finds a table or makes it.
 * @param id 0 for the main table
 * @kernel net/ipv6/ip6_fib.c:253 (v5.10)
 */
export function fib6_new_table(net: net, id: number): fib6_table {
	if (id === 0) id = RT6_TABLE_MAIN;
	let tb = fib6_get_table(net, id);
	if (tb !== null) return tb;

	tb = fib6_alloc_table(net, id);
	fib6_link_table(net, tb);
	return tb;
}

/**
 * Finds a table.
 * @param id 0 for the main table
 * @kernel net/ipv6/ip6_fib.c:271 (v5.10)
 */
export function fib6_get_table(net: net, id: number): fib6_table | null {
	if (id === 0) id = RT6_TABLE_MAIN;
	return net.ipv6.fib_table_hash.get(id) ?? null;
}

/**
 * Makes the two tables of every namespace known.
 * @kernel net/ipv6/ip6_fib.c:294 (v5.10)
 */
function fib6_tables_init(net: net): void {
	fib6_link_table(net, net.ipv6.fib6_main_tbl!);
	fib6_link_table(net, net.ipv6.fib6_local_tbl!);
}

/**
 * All tables, as the C's hash buckets order them: by the low byte of the id, newest first.
 * @kernel PORT: stands for the loops over fib_table_hash
 */
function fib6_tables(net: net): fib6_table[] {
	const all = [...net.ipv6.fib_table_hash.values()].reverse();
	return all.sort((a, b) => (a.tb6_id & 0xff) - (b.tb6_id & 0xff));
}

/**
 * Last entry of a ring of siblings, seen from one of them.
 * @kernel PORT: list_last_entry(&rt->fib6_siblings, struct fib6_info, fib6_siblings)
 */
function fib6_last_sibling(rt: fib6_info): fib6_info {
	return rt.fib6_siblings_prev;
}

/**
 * Dumps the entries of a node.
 * @kernel net/ipv6/ip6_fib.c:513 (v5.10)
 */
function fib6_dump_node(w: fib6_walker, arg: rt6_rtnl_dump_arg): number {
	const stub = ipv6_stub.of(arg.net.machine);
	for (let rt = w.leaf; rt !== null; rt = rt.fib6_next) {
		stub.rt6_dump_route(rt, arg);
		/* siblings were dumped as next hops of this one */
		if (rt.fib6_nsiblings !== 0) rt = fib6_last_sibling(rt);
	}
	w.leaf = null;
	return 0;
}

/**
 * Dumps a table.
 * @kernel net/ipv6/ip6_fib.c:570 (v5.10)
 */
function fib6_dump_table(table: fib6_table, arg: rt6_rtnl_dump_arg): void {
	const w = new fib6_walker();
	w.root = table.tb6_root;
	w.func = (walker) => fib6_dump_node(walker, arg);
	fib6_walk(arg.net, w);
}

/**
 * Dumps the routes that a request asks for (RTM_GETROUTE).
 * @param out takes the messages
 * @returns 0, -ENOENT for a table, -ENODEV for a device that does not exist
 * @kernel net/ipv6/ip6_fib.c:615 (v5.10)
 */
function inet6_dump_fib(
	net: net,
	nlh: nlmsg,
	out: nlmsg[],
	extack: netlink_ext_ack | null,
): number {
	const arg = new rt6_rtnl_dump_arg(net, out);
	arg.filter.dump_routes = true;
	arg.filter.dump_exceptions = true;

	/* PORT: ip_valid_fib_dump_req() with strict checking, which iproute2 asks for */
	if (nlh instanceof rtmsg_msg) {
		arg.filter.table_id = nla_get_u32(nlh.tb, RTA_TABLE) ?? nlh.rtm_table;
		arg.filter.protocol = nlh.rtm_protocol;
		arg.filter.rt_type = nlh.rtm_type;
		const oif = nla_get_u32(nlh.tb, RTA_OIF);
		if (oif !== null) {
			arg.filter.dev = net.dev_index_head.get(oif) ?? null;
			if (arg.filter.dev === null) return -ENODEV;
		}
		arg.filter.filter_set =
			arg.filter.protocol !== 0 || arg.filter.rt_type !== 0 || oif !== null;
		if ((nlh.rtm_flags & RTM_F_CLONED) !== 0) arg.filter.dump_routes = false;
		else arg.filter.dump_exceptions = false;
		arg.filter.flags = nlh.rtm_flags;
	}

	if (arg.filter.table_id !== 0) {
		const tb = fib6_get_table(net, arg.filter.table_id);
		if (tb === null) {
			if (nlh instanceof rtmsg_msg && nlh.rtm_family !== PF_INET6) return 0;
			NL_SET_ERR_MSG(extack, 'FIB table does not exist');
			return -ENOENT;
		}
		fib6_dump_table(tb, arg);
		return 0;
	}

	for (const tb of fib6_tables(net)) fib6_dump_table(tb, arg);
	return 0;
}

/**
 * Sets a metric of an entry.
 * @param metric RTAX_*
 * @kernel net/ipv6/ip6_fib.c:711 (v5.10)
 */
export function fib6_metric_set(f6i: fib6_info | null, metric: number, val: number): void {
	if (f6i === null) return;
	if (f6i.fib6_metrics === dst_default_metrics)
		f6i.fib6_metrics = new Int32Array(dst_default_metrics.length);
	f6i.fib6_metrics[metric - 1] = val;
}

/**
 * Finds the node of a prefix or makes it.
 * @param replace_required the request wants to replace
 * @returns the node, or -ENOENT
 * @kernel net/ipv6/ip6_fib.c:737 (v5.10)
 */
function fib6_add_1(
	net: net,
	root: fib6_node,
	addr: in6_addr,
	plen: number,
	allow_create: boolean,
	replace_required: boolean,
	extack: netlink_ext_ack | null,
): fib6_node | number {
	let fn: fib6_node | null = root;
	let pn: fib6_node | null = null;
	let dir = false;

	do {
		const leaf: fib6_info | null = fn.leaf;
		/* PORT: the root of an empty table may have no leaf; every prefix is under it */
		const key = leaf !== null ? leaf.fib6_dst : null;

		if (
			plen < fn.fn_bit ||
			(key !== null && !ipv6_prefix_equal(key.addr, addr, fn.fn_bit))
		) {
			if (!allow_create && replace_required) {
				NL_SET_ERR_MSG(extack, 'Can not replace route - no match found');
				return -ENOENT;
			}
			return insert_above(net, fn, key!.addr, addr, plen, dir);
		}

		if (plen === fn.fn_bit) {
			if ((fn.fn_flags & RTN_RTINFO) === 0) {
				fn.leaf = null;
				fib6_info_release(leaf);
			} else if (
				(fn.fn_flags & RTN_TL_ROOT) !== 0 &&
				fn.leaf === net.ipv6.fib6_null_entry
			) {
				fn.leaf = null;
			}
			return fn;
		}

		dir = addr_bit_set(addr, fn.fn_bit);
		pn = fn;
		fn = dir ? fn.right : fn.left;
	} while (fn !== null);

	if (!allow_create && replace_required) {
		NL_SET_ERR_MSG(extack, 'Can not replace route - no match found');
		return -ENOENT;
	}

	const ln = node_alloc(net);
	ln.fn_bit = plen;
	ln.parent = pn;
	if (dir) pn.right = ln;
	else pn.left = ln;
	return ln;
}

/**
 * Makes the node of a prefix above a node that does not match it.
 * @param key prefix of the node that does not match
 * @param dir side of the parent the node hangs on
 * @kernel PORT: the label of that name in fib6_add_1(), net/ipv6/ip6_fib.c:850
 */
function insert_above(
	net: net,
	fn: fib6_node,
	key: in6_addr,
	addr: in6_addr,
	plen: number,
	dir: boolean,
): fib6_node {
	const pn = fn.parent!;
	const bit = ipv6_addr_diff(addr, key);

	if (plen > bit) {
		const inner = node_alloc(net);
		const ln = node_alloc(net);

		inner.fn_bit = bit;
		inner.parent = pn;
		inner.leaf = fn.leaf;
		fib6_info_hold(inner.leaf!);

		if (dir) pn.right = inner;
		else pn.left = inner;

		ln.fn_bit = plen;
		ln.parent = inner;
		fn.parent = inner;

		if (addr_bit_set(addr, bit)) {
			inner.right = ln;
			inner.left = fn;
		} else {
			inner.left = ln;
			inner.right = fn;
		}
		return ln;
	}

	const ln = node_alloc(net);
	ln.fn_bit = plen;
	ln.parent = pn;
	if (addr_bit_set(key, plen)) ln.right = fn;
	else ln.left = fn;
	fn.parent = ln;

	if (dir) pn.right = ln;
	else pn.left = ln;
	return ln;
}

/**
 * Parts a next hop's cached route from an entry that goes.
 * @kernel net/ipv6/ip6_fib.c:952 (v5.10)
 */
function __fib6_drop_pcpu_from(nh: fib6_nh, match: fib6_info): void {
	const pcpu_rt = nh.rt6i_pcpu;
	if (pcpu_rt !== null && pcpu_rt.from === match) {
		const from = pcpu_rt.from;
		pcpu_rt.from = null;
		fib6_info_release(from);
	}
}

/**
 * Parts the cached routes from an entry that goes.
 * @kernel net/ipv6/ip6_fib.c:998 (v5.10)
 */
function fib6_drop_pcpu_from(f6i: fib6_info): void {
	f6i.fib6_destroying = true;
	__fib6_drop_pcpu_from(f6i.fib6_nh, f6i);
}

/**
 * Takes an entry off everything that still refers to it: exceptions, cached routes, inner nodes.
 * @kernel net/ipv6/ip6_fib.c:1023 (v5.10)
 */
function fib6_purge_rt(rt: fib6_info, fn: fib6_node | null, net: net): void {
	ipv6_stub.of(net.machine).rt6_flush_exceptions(rt);
	fib6_drop_pcpu_from(rt);

	if (rt.fib6_ref !== 1) {
		while (fn !== null) {
			if ((fn.fn_flags & RTN_RTINFO) === 0 && fn.leaf === rt) {
				const new_leaf = fib6_find_prefix(net, fn)!;
				fib6_info_hold(new_leaf);
				fn.leaf = new_leaf;
				fib6_info_release(rt);
			}
			fn = fn.parent;
		}
	}
}

/**
 * Lets a link point at another entry.
 * @param prev entry before, null for the node's leaf
 * @kernel PORT: *ins = rt
 */
function set_link(fn: fib6_node, prev: fib6_info | null, rt: fib6_info | null): void {
	if (prev === null) fn.leaf = rt;
	else prev.fib6_next = rt;
}

/**
 * Puts an entry among those of a node, or in place of one.
 * @returns 0, -EEXIST, -ENOENT
 * @kernel net/ipv6/ip6_fib.c:1063 (v5.10)
 */
function fib6_add_rt2node(
	fn: fib6_node,
	rt: fib6_info,
	info: nl_info6,
	_extack: netlink_ext_ack | null,
): number {
	const net = info.nl_net!;
	const stub = ipv6_stub.of(net.machine);
	const nlmsg_flags = info.nlh !== null ? info.nlh.flags : 0;
	const leaf = fn.leaf;
	let iter: fib6_info | null;
	/* entry whose link is to be set, null for fn.leaf */
	let ins: fib6_info | null = null;
	let fallback_ins: fib6_info | null = null;
	let has_fallback = false;
	const replace = info.nlh !== null && (nlmsg_flags & NLM_F_REPLACE) !== 0;
	const add = info.nlh === null || (nlmsg_flags & NLM_F_CREATE) !== 0;
	let found = false;
	const rt_can_ecmp = rt6_qualify_for_ecmp(rt);
	let nlflags = NLM_F_EXCL;

	if (info.nlh !== null && (nlmsg_flags & NLM_F_APPEND) !== 0) nlflags |= NLM_F_APPEND;

	for (iter = leaf; iter !== null; ins = iter, iter = iter.fib6_next) {
		if (iter.fib6_metric === rt.fib6_metric) {
			if (info.nlh !== null && (nlmsg_flags & NLM_F_EXCL) !== 0) return -EEXIST;

			nlflags &= ~NLM_F_EXCL;
			if (replace) {
				if (rt_can_ecmp === rt6_qualify_for_ecmp(iter)) {
					found = true;
					break;
				}
				if (!has_fallback) {
					fallback_ins = ins;
					has_fallback = true;
				}
				continue;
			}

			if (rt6_duplicate_nexthop(iter, rt)) {
				if (rt.fib6_nsiblings !== 0) rt.fib6_nsiblings = 0;
				if ((iter.fib6_flags & RTF_EXPIRES) === 0) return -EEXIST;
				if ((rt.fib6_flags & RTF_EXPIRES) === 0) fib6_clean_expires(iter);
				else fib6_set_expires(iter, rt.expires);

				if (rt.fib6_metrics[RTAX_MTU - 1] !== 0)
					fib6_metric_set(iter, RTAX_MTU, rt.fib6_metrics[RTAX_MTU - 1]);
				return -EEXIST;
			}
			if (rt_can_ecmp && rt6_qualify_for_ecmp(iter)) rt.fib6_nsiblings++;
		}

		if (iter.fib6_metric > rt.fib6_metric) break;
	}

	if (has_fallback && !found) {
		/* no ecmp-able entry to replace: the first of equal metric will do */
		ins = fallback_ins;
		iter = ins === null ? fn.leaf : ins.fib6_next;
		found = true;
	}

	/* a new first entry starts the round robin anew */
	if (ins === null) fn.rr_ptr = null;

	if (rt.fib6_nsiblings !== 0) {
		let sibling = leaf;
		while (sibling !== null) {
			if (sibling.fib6_metric === rt.fib6_metric && rt6_qualify_for_ecmp(sibling)) {
				/* list_add_tail(&rt->fib6_siblings, &sibling->fib6_siblings) */
				const last = sibling.fib6_siblings_prev;
				last.fib6_siblings_next = rt;
				rt.fib6_siblings_prev = last;
				rt.fib6_siblings_next = sibling;
				sibling.fib6_siblings_prev = rt;
				break;
			}
			sibling = sibling.fib6_next;
		}
		let n = 0;
		for (let s = rt.fib6_siblings_next; s !== rt; s = s.fib6_siblings_next) {
			s.fib6_nsiblings++;
			n++;
		}
		if (n !== rt.fib6_nsiblings)
			net.machine.record('BUG', 'fib6_add_rt2node', 'wrong number of siblings');
		stub.rt6_multipath_rebalance(rt.fib6_siblings_next);
	}

	if (!replace || (!found && add)) {
		nlflags |= NLM_F_CREATE;

		rt.fib6_next = iter;
		fib6_info_hold(rt);
		rt.fib6_node = fn;
		set_link(fn, ins, rt);
		if (!info.skip_notify) stub.inet6_rt_notify(RTM_NEWROUTE, rt, info, nlflags);
		net.ipv6.rt6_stats!.fib_rt_entries++;

		if ((fn.fn_flags & RTN_RTINFO) === 0) {
			net.ipv6.rt6_stats!.fib_route_nodes++;
			fn.fn_flags |= RTN_RTINFO;
		}
	} else {
		if (!found || iter === null) return -ENOENT;

		fib6_info_hold(rt);
		rt.fib6_node = fn;
		rt.fib6_next = iter.fib6_next;
		set_link(fn, ins, rt);
		if (!info.skip_notify) stub.inet6_rt_notify(RTM_NEWROUTE, rt, info, NLM_F_REPLACE);
		if ((fn.fn_flags & RTN_RTINFO) === 0) {
			net.ipv6.rt6_stats!.fib_route_nodes++;
			fn.fn_flags |= RTN_RTINFO;
		}
		let nsiblings = iter.fib6_nsiblings;
		iter.fib6_node = null;
		fib6_purge_rt(iter, fn, net);
		if (fn.rr_ptr === iter) fn.rr_ptr = null;
		fib6_info_release(iter);

		if (nsiblings !== 0) {
			/* the replaced route was one of several: the others go too */
			let prev = rt;
			iter = rt.fib6_next;
			while (iter !== null) {
				if (iter.fib6_metric > rt.fib6_metric) break;
				if (rt6_qualify_for_ecmp(iter)) {
					prev.fib6_next = iter.fib6_next;
					iter.fib6_node = null;
					fib6_purge_rt(iter, fn, net);
					if (fn.rr_ptr === iter) fn.rr_ptr = null;
					fib6_info_release(iter);
					nsiblings--;
					net.ipv6.rt6_stats!.fib_rt_entries--;
				} else {
					prev = iter;
				}
				iter = prev.fib6_next;
			}
			if (nsiblings !== 0)
				net.machine.record('WARN', 'fib6_add_rt2node', 'siblings left');
		}
	}

	return 0;
}

/**
 * Lets the collector run when the first entry that ends comes in.
 * @kernel net/ipv6/ip6_fib.c:1321 (v5.10)
 */
function fib6_start_gc(net: net, rt: fib6_info): void {
	if ((rt.fib6_flags & RTF_EXPIRES) !== 0) fib6_force_start_gc(net);
}

/**
 * Lets the collector run.
 * @kernel net/ipv6/ip6_fib.c:1329 (v5.10)
 */
export function fib6_force_start_gc(net: net): void {
	const timer = net.ipv6.ip6_fib_timer!;
	if (!timer_pending(timer))
		mod_timer(timer, net.machine.jiffies + net.ipv6.sysctl.ip6_rt_gc_interval);
}

/**
 * Gives a serial number to an entry's node and all above it.
 * @kernel net/ipv6/ip6_fib.c:1336 (v5.10)
 */
function __fib6_update_sernum_upto_root(rt: fib6_info, sernum: number): void {
	for (let fn = rt.fib6_node; fn !== null; fn = fn.parent) fn.fn_sernum = sernum;
}

/**
 * Makes cached routes of an entry and of all wider prefixes look again.
 * @kernel net/ipv6/ip6_fib.c:1351 (v5.10)
 */
export function fib6_update_sernum_upto_root(net: net, rt: fib6_info): void {
	__fib6_update_sernum_upto_root(rt, fib6_new_sernum(net));
}

/**
 * Adds an entry to its table.
 * @param info who asks; its flags say whether to create, replace, append
 * @returns 0, -EEXIST, -ENOENT
 * @kernel net/ipv6/ip6_fib.c:1371 (v5.10)
 */
export function fib6_add(
	root: fib6_node,
	rt: fib6_info,
	info: nl_info6,
	extack: netlink_ext_ack | null,
): number {
	const net = info.nl_net!;
	let allow_create = true;
	let replace_required = false;
	const sernum = fib6_new_sernum(net);

	if (info.nlh !== null) {
		if ((info.nlh.flags & NLM_F_CREATE) === 0) allow_create = false;
		if ((info.nlh.flags & NLM_F_REPLACE) !== 0) replace_required = true;
	}

	const fn = fib6_add_1(
		net,
		root,
		rt.fib6_dst.addr,
		rt.fib6_dst.plen,
		allow_create,
		replace_required,
		extack,
	);
	if (typeof fn === 'number') return fn;

	const err = fib6_add_rt2node(fn, rt, info, extack);
	if (err === 0) {
		__fib6_update_sernum_upto_root(rt, sernum);
		fib6_start_gc(net, rt);
		return 0;
	}

	/* a node that was made for nothing goes again */
	if (
		(fn.fn_flags & (RTN_RTINFO | RTN_ROOT)) === 0 ||
		((fn.fn_flags & RTN_TL_ROOT) !== 0 && fn.leaf === null)
	)
		fib6_repair_tree(net, fn);
	return err;
}

/**
 * Longest prefix that has entries and covers an address.
 * @kernel net/ipv6/ip6_fib.c:1546 (v5.10)
 */
function fib6_node_lookup_1(root: fib6_node, addr: in6_addr): fib6_node | null {
	let fn: fib6_node | null = root;

	for (;;) {
		const next: fib6_node | null = addr_bit_set(addr, fn.fn_bit) ? fn.right : fn.left;
		if (next === null) break;
		fn = next;
	}

	while (fn !== null) {
		if ((fn.fn_flags & RTN_RTINFO) !== 0) {
			const leaf = fn.leaf;
			if (
				leaf !== null &&
				ipv6_prefix_equal(leaf.fib6_dst.addr, addr, leaf.fib6_dst.plen)
			)
				return fn;
		}
		if ((fn.fn_flags & RTN_ROOT) !== 0) break;
		fn = fn.parent;
	}
	return null;
}

/**
 * Finds the node to route an address by.
 * @returns the root when nothing more special is there
 * @kernel net/ipv6/ip6_fib.c:1615 (v5.10)
 */
export function fib6_node_lookup(
	root: fib6_node,
	daddr: in6_addr,
	_saddr: in6_addr | null,
): fib6_node {
	const fn = fib6_node_lookup_1(root, daddr);
	if (fn === null || (fn.fn_flags & RTN_TL_ROOT) !== 0) return root;
	return fn;
}

/**
 * Finds the node of a prefix, or the closest above it.
 * @kernel net/ipv6/ip6_fib.c:1655 (v5.10)
 */
function fib6_locate_1(
	root: fib6_node,
	addr: in6_addr,
	plen: number,
	exact_match: boolean,
): fib6_node | null {
	let prev: fib6_node | null = null;

	for (let fn: fib6_node | null = root; fn !== null; ) {
		const leaf: fib6_info | null = fn.leaf;

		if (leaf === null) {
			if (plen <= fn.fn_bit) break;
		} else {
			if (plen < fn.fn_bit || !ipv6_prefix_equal(leaf.fib6_dst.addr, addr, fn.fn_bit))
				break;
			if (plen === fn.fn_bit) return fn;
			if ((fn.fn_flags & RTN_RTINFO) !== 0) prev = fn;
		}
		fn = addr_bit_set(addr, fn.fn_bit) ? fn.right : fn.left;
	}
	return exact_match ? null : prev;
}

/**
 * Finds the node of a prefix that has entries.
 * @param exact_match false: the closest above will do
 * @kernel net/ipv6/ip6_fib.c:1705 (v5.10)
 */
export function fib6_locate(
	root: fib6_node,
	daddr: in6_addr,
	dst_len: number,
	_saddr: in6_addr | null,
	_src_len: number,
	exact_match: boolean,
): fib6_node | null {
	const fn = fib6_locate_1(root, daddr, dst_len, exact_match);
	if (fn !== null && (fn.fn_flags & RTN_RTINFO) !== 0) return fn;
	return null;
}

/**
 * An entry under a node, to name the node's prefix by.
 * @kernel net/ipv6/ip6_fib.c:1743 (v5.10)
 */
function fib6_find_prefix(net: net, fn: fib6_node): fib6_info | null {
	if ((fn.fn_flags & RTN_ROOT) !== 0) return net.ipv6.fib6_null_entry;
	if (fn.left !== null) return fn.left.leaf;
	if (fn.right !== null) return fn.right.leaf;
	return null;
}

/**
 * Takes a node without entries out of the tree, and those above it that become useless.
 * @returns the first node above that stays
 * @kernel net/ipv6/ip6_fib.c:1775 (v5.10)
 */
function fib6_repair_tree(net: net, fn: fib6_node): fib6_node {
	/* the null entry stands for the root's own */
	if ((fn.fn_flags & RTN_TL_ROOT) !== 0) {
		fn.leaf = net.ipv6.fib6_null_entry;
		return fn;
	}

	for (;;) {
		const pn: fib6_node = fn.parent!;
		let children = 0;
		let child: fib6_node | null = null;

		if (fn.right !== null) {
			child = fn.right;
			children |= 1;
		}
		if (fn.left !== null) {
			child = fn.left;
			children |= 2;
		}

		if (children === 3) {
			const new_fn_leaf = fib6_find_prefix(net, fn)!;
			fib6_info_hold(new_fn_leaf);
			fn.leaf = new_fn_leaf;
			return pn;
		}

		if (pn.right === fn) pn.right = child;
		else if (pn.left === fn) pn.left = child;
		else net.machine.record('WARN', 'fib6_repair_tree', 'node is not its parent’s child');
		if (child !== null) child.parent = pn;

		for (const w of net.ipv6.fib6_walkers) {
			if (w.node !== fn) continue;
			if (child === null) {
				w.node = pn;
				w.state = FWS_R;
			} else {
				w.node = child;
				if ((children & 2) !== 0) w.state = w.state >= FWS_R ? FWS_U : FWS_L;
				else w.state = w.state >= FWS_C ? FWS_U : FWS_L;
			}
		}

		node_free(net, fn);
		if ((pn.fn_flags & RTN_RTINFO) !== 0) return pn;

		const pn_leaf = pn.leaf;
		pn.leaf = null;
		fib6_info_release(pn_leaf);
		fn = pn;
	}
}

/**
 * Takes an entry out of its node.
 * @param prev entry before it, null when it is the leaf
 * @kernel net/ipv6/ip6_fib.c:1900 (v5.10)
 */
function fib6_del_route(
	fn: fib6_node,
	prev: fib6_info | null,
	rt: fib6_info,
	info: nl_info6,
): void {
	const net = info.nl_net!;
	const stub = ipv6_stub.of(net.machine);

	set_link(fn, prev, rt.fib6_next);
	rt.fib6_node = null;
	net.ipv6.rt6_stats!.fib_rt_entries--;
	net.ipv6.rt6_stats!.fib_discarded_routes++;

	if (fn.rr_ptr === rt) fn.rr_ptr = null;

	if (rt.fib6_nsiblings !== 0) {
		const next_sibling = rt.fib6_siblings_next;
		for (let s = next_sibling; s !== rt; s = s.fib6_siblings_next) s.fib6_nsiblings--;
		rt.fib6_nsiblings = 0;
		rt.fib6_siblings_prev.fib6_siblings_next = next_sibling;
		next_sibling.fib6_siblings_prev = rt.fib6_siblings_prev;
		rt.fib6_siblings_next = rt;
		rt.fib6_siblings_prev = rt;
		stub.rt6_multipath_rebalance(next_sibling);
	}

	for (const w of net.ipv6.fib6_walkers) {
		if (w.state === FWS_C && w.leaf === rt) {
			w.leaf = rt.fib6_next;
			if (w.leaf === null) w.state = FWS_U;
		}
	}

	if (fn.leaf === null) {
		if ((fn.fn_flags & RTN_TL_ROOT) === 0) {
			fn.fn_flags &= ~RTN_RTINFO;
			net.ipv6.rt6_stats!.fib_route_nodes--;
		}
		fn = fib6_repair_tree(net, fn);
	}

	fib6_purge_rt(rt, fn, net);

	if (!info.skip_notify) stub.inet6_rt_notify(RTM_DELROUTE, rt, info, 0);

	fib6_info_release(rt);
}

/**
 * Deletes an entry from its table.
 * @returns 0 or -ENOENT
 * @kernel net/ipv6/ip6_fib.c:1997 (v5.10)
 */
export function fib6_del(rt: fib6_info, info: nl_info6): number {
	const net = info.nl_net!;

	if (rt === net.ipv6.fib6_null_entry) return -ENOENT;

	const fn = rt.fib6_node;
	if (fn === null) return -ENOENT;

	let prev: fib6_info | null = null;
	for (let cur = fn.leaf; cur !== null; prev = cur, cur = cur.fib6_next) {
		if (rt === cur) {
			fib6_del_route(fn, prev, rt, info);
			return 0;
		}
	}
	return -ENOENT;
}

/**
 * Goes on with a walk; children first, the lower half before the upper.
 * @returns 0 at the end, else what the function answered
 * @kernel net/ipv6/ip6_fib.c:2060 (v5.10)
 */
function fib6_walk_continue(w: fib6_walker): number {
	for (;;) {
		const fn = w.node;
		if (fn === null) return 0;

		if (w.state === FWS_L) {
			if (fn.left !== null) {
				w.node = fn.left;
				w.state = FWS_L;
				continue;
			}
			w.state = FWS_R;
		}
		if (w.state === FWS_R) {
			if (fn.right !== null) {
				w.node = fn.right;
				w.state = FWS_L;
				continue;
			}
			w.state = FWS_C;
			w.leaf = fn.leaf;
		}
		if (w.state === FWS_C) {
			if (w.leaf !== null && (fn.fn_flags & RTN_RTINFO) !== 0) {
				if (w.skip !== 0) {
					w.skip--;
				} else {
					const err = w.func(w);
					if (err !== 0) return err;

					w.count++;
					continue;
				}
			}
			w.state = FWS_U;
		}

		/* FWS_U */
		if (fn === w.root) return 0;
		const pn: fib6_node = fn.parent!;
		w.node = pn;
		if (pn.left === fn) {
			w.state = FWS_R;
		} else if (pn.right === fn) {
			w.state = FWS_C;
			w.leaf = pn.leaf;
		} else {
			/* PORT: the C warns and loops for ever */
			return 0;
		}
	}
}

/**
 * Walks a table.
 * @returns 0 at the end, else what the function answered
 * @kernel net/ipv6/ip6_fib.c:2150 (v5.10)
 */
function fib6_walk(net: net, w: fib6_walker): number {
	w.state = FWS_L;
	w.node = w.root;

	fib6_walker_link(net, w);
	const res = fib6_walk_continue(w);
	if (res <= 0) fib6_walker_unlink(net, w);
	return res;
}

/**
 * Asks about the entries of a node and deletes those that shall go, one a call.
 * @returns 0
 * @kernel net/ipv6/ip6_fib.c:2164 (v5.10)
 */
function fib6_clean_node(c: fib6_cleaner): number {
	const info = new nl_info6();
	info.nl_net = c.net;
	info.skip_notify = c.skip_notify;

	if (c.sernum !== FIB6_NO_SERNUM_CHANGE && c.node!.fn_sernum !== c.sernum)
		c.node!.fn_sernum = c.sernum;

	if (c.clean === null) {
		c.leaf = null;
		return 0;
	}

	let rt: fib6_info | null;
	for (rt = c.leaf; rt !== null; rt = rt.fib6_next) {
		const res = c.clean(rt);
		if (res === -1) {
			c.leaf = rt;
			if (fib6_del(rt, info) !== 0) continue;
			return 0;
		} else if (res === -2) {
			if (rt.fib6_nsiblings === 0) continue;
			rt = fib6_last_sibling(rt);
		}
	}
	c.leaf = rt;
	return 0;
}

/**
 * Cleans one table.
 * @kernel net/ipv6/ip6_fib.c:2221 (v5.10)
 */
function fib6_clean_tree(
	net: net,
	root: fib6_node,
	func: ((rt: fib6_info) => number) | null,
	sernum: number,
	skip_notify: boolean,
): void {
	const c = new fib6_cleaner(net, func, sernum, skip_notify);
	c.root = root;
	c.func = () => fib6_clean_node(c);
	fib6_walk(net, c);
}

/**
 * Cleans all tables.
 * @kernel net/ipv6/ip6_fib.c:2241 (v5.10)
 */
function __fib6_clean_all(
	net: net,
	func: ((rt: fib6_info) => number) | null,
	sernum: number,
	skip_notify: boolean,
): void {
	for (const table of fib6_tables(net))
		fib6_clean_tree(net, table.tb6_root, func, sernum, skip_notify);
}

/**
 * Deletes from all tables what a function picks.
 * @param func -1: delete; -2: skip its siblings; 0: keep
 * @kernel net/ipv6/ip6_fib.c:2262 (v5.10)
 */
export function fib6_clean_all(net: net, func: (rt: fib6_info) => number): void {
	__fib6_clean_all(net, func, FIB6_NO_SERNUM_CHANGE, false);
}

/**
 * The same, telling nobody.
 * @kernel net/ipv6/ip6_fib.c:2268 (v5.10)
 */
export function fib6_clean_all_skip_notify(net: net, func: (rt: fib6_info) => number): void {
	__fib6_clean_all(net, func, FIB6_NO_SERNUM_CHANGE, true);
}

/**
 * Makes all cached routes look again.
 * @kernel net/ipv6/ip6_fib.c:2275 (v5.10)
 */
export function fib6_flush_trees(net: net): void {
	__fib6_clean_all(net, null, fib6_new_sernum(net), false);
}

/**
 * Decides whether an entry's time is over.
 * @kernel net/ipv6/ip6_fib.c:2286 (v5.10)
 */
function fib6_age(net: net, rt: fib6_info, gc_args: fib6_gc_args): number {
	const now = net.machine.jiffies;

	if ((rt.fib6_flags & RTF_EXPIRES) !== 0 && rt.expires !== 0) {
		if (now > rt.expires) return -1;
		gc_args.more++;
	}

	ipv6_stub.of(net.machine).rt6_age_exceptions(rt, gc_args, now);
	return 0;
}

/**
 * Runs the collector: entries and exceptions whose time is over go.
 * @param expires age in jiffies from which unused exceptions go, 0 for the sysctl's
 * @kernel net/ipv6/ip6_fib.c:2313 (v5.10)
 */
export function fib6_run_gc(expires: number, net: net, _force: boolean): void {
	const gc_args = new fib6_gc_args();
	gc_args.timeout = expires !== 0 ? expires : net.ipv6.sysctl.ip6_rt_gc_interval;

	fib6_clean_all(net, (rt) => fib6_age(net, rt, gc_args));
	const now = net.machine.jiffies;
	net.ipv6.ip6_rt_last_gc = now;

	if (gc_args.more !== 0)
		mod_timer(
			net.ipv6.ip6_fib_timer!,
			round_jiffies(net.machine, now + net.ipv6.sysctl.ip6_rt_gc_interval),
		);
	else del_timer(net.ipv6.ip6_fib_timer!);
}

/**
 * Makes a namespace's tables.
 * @returns 0
 * @kernel net/ipv6/ip6_fib.c:2348 (v5.10)
 */
function fib6_net_init(net: net): number {
	net.ipv6.ip6_fib_timer = timer_setup(net.machine, () => {
		fib6_run_gc(0, net, true);
	});
	net.ipv6.rt6_stats = new rt6_statistics();
	net.ipv6.fib6_main_tbl = fib6_alloc_table(net, RT6_TABLE_MAIN);
	net.ipv6.fib6_local_tbl = fib6_alloc_table(net, RT6_TABLE_LOCAL);
	fib6_tables_init(net);
	return 0;
}

/**
 * Ends a namespace's tables.
 * @kernel net/ipv6/ip6_fib.c:2414 (v5.10)
 */
function fib6_net_exit(net: net): void {
	/* PORT: the loopback device goes after this, and would not find what is left */
	fib6_clean_all_skip_notify(net, (rt) => (rt === net.ipv6.fib6_null_entry ? 0 : -1));
	del_timer(net.ipv6.ip6_fib_timer!);
	net.ipv6.fib_table_hash.clear();
}

const fib6_net_ops: pernet_operations = {
	init: fib6_net_init,
	exit: fib6_net_exit,
};

/**
 * Sets the tables up; the null entry of each namespace exists already.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/ip6_fib.c:2441 (v5.10)
 */
export function fib6_init(m: Machine): number {
	const ret = register_pernet_subsys(m, fib6_net_ops);
	if (ret !== 0) return ret;
	rtnl_register(m, PF_INET6, RTM_GETROUTE, null, inet6_dump_fib);
	return 0;
}
