// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv6/fib6_rules.c, base v5.10: policy rules of IPv6, and lookups through them.
 *
 * PORT: fib6_table_lookup() belongs to route.ts, which imports this file; a caller of fib6_lookup() gives it.
 * Not ported: notifiers of rules.
 */
import type { Machine } from '../../include/linux/machine.ts';
import type { net_device } from '../../include/linux/netdevice.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { AF_INET6 } from '../../include/linux/socket.ts';
import { type dst_entry, dst_hold } from '../../include/net/dst.ts';
import {
	fib_lookup_arg,
	FIB_LOOKUP_NOREF,
	fib_rule,
	fib_rule_get_table,
	fib_rule_port_inrange,
	fib_rule_port_range_set,
	fib_rule_requires_fldissect,
	type fib_rules_ops,
} from '../../include/net/fib_rules.ts';
import type { flowi, flowi6 } from '../../include/net/flow.ts';
import {
	fib6_result,
	rt6key,
	RT6_TABLE_LOCAL,
	RT6_TABLE_MAIN,
	RT6_TABLE_UNSPEC,
	type fib6_table,
	type pol_lookup_t,
	type rt6_info,
} from '../../include/net/ip6_fib.ts';
import {
	rt6_flags2srcprefs,
	RT6_LOOKUP_F_DST_NOREF,
	RT6_LOOKUP_F_HAS_SADDR,
} from '../../include/net/ip6_route.ts';
import {
	ip6_tclass,
	ipv6_addr_copy,
	ipv6_addr_equal,
	ipv6_prefix_equal,
} from '../../include/net/ipv6.ts';
import { ipv6_stub } from '../../include/net/ipv6_stubs.ts';
import { l3mdev_update_flow } from '../../include/net/l3mdev.ts';
import type { net, pernet_operations } from '../../include/net/net_namespace.ts';
import {
	nla_data,
	nla_put,
	NL_SET_ERR_MSG,
	type netlink_ext_ack,
} from '../../include/net/netlink.ts';
import { EACCES, EAGAIN, EINVAL, ENETUNREACH } from '../../include/uapi/linux/errno.ts';
import {
	FIB_RULE_FIND_SADDR,
	FR_ACT_BLACKHOLE,
	FR_ACT_PROHIBIT,
	FR_ACT_TO_TBL,
	FR_ACT_UNREACHABLE,
	FRA_DST,
	FRA_SRC,
} from '../../include/uapi/linux/fib_rules.ts';
import { RTNLGRP_IPV6_RULE, type fib_rule_hdr_msg } from '../../include/uapi/linux/rtnetlink.ts';
import {
	fib_default_rule_add,
	fib_rules_lookup,
	fib_rules_register,
	fib_rules_unregister,
} from '../core/fib_rules.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import { fib6_get_table, fib6_new_table, ip6_rt_put, ip6_rt_put_flags } from './ip6_fib.ts';

/** A rule of IPv6. */
class fib6_rule extends fib_rule {
	readonly src = new rt6key();
	readonly dst = new rt6key();
	tclass = 0;
}

/** Finds the entry of a flow in one table. */
export type fib6_table_lookup_t = (
	net: net,
	table: fib6_table,
	oif: number,
	fl6: flowi6,
	res: fib6_result,
	strict: number,
) => number;

/** What fib6_lookup() sends through the rules. */
class fib6_lookup_data {
	readonly lookup: fib6_table_lookup_t;
	readonly oif: number;

	constructor(lookup: fib6_table_lookup_t, oif: number) {
		this.lookup = lookup;
		this.oif = oif;
	}
}

/**
 * Finds the entry of a flow: local table, then main, or as the rules say.
 * @param oif device it must leave by, 0 for any
 * @param res takes the entry
 * @param lookup fib6_table_lookup()
 * @returns 0 or a negative errno
 * @kernel net/ipv6/fib6_rules.c:63 (v5.10)
 */
export function fib6_lookup(
	net: net,
	oif: number,
	fl6: flowi6,
	res: fib6_result,
	flags: number,
	lookup: fib6_table_lookup_t,
): number {
	let err: number;

	if (net.ipv6.fib6_has_custom_rules) {
		const arg = new fib_lookup_arg();
		arg.lookup_data = new fib6_lookup_data(lookup, oif);
		arg.result = res;
		arg.flags = FIB_LOOKUP_NOREF;

		l3mdev_update_flow(net, fl6);

		err = fib_rules_lookup(net.ipv6.fib6_rules_ops!, fl6, flags, arg);
	} else {
		err = lookup(net, net.ipv6.fib6_local_tbl!, oif, fl6, res, flags);
		if (err !== 0 || res.f6i === net.ipv6.fib6_null_entry)
			err = lookup(net, net.ipv6.fib6_main_tbl!, oif, fl6, res, flags);
	}
	return err;
}

/**
 * Finds the destination of a flow: local table, then main, or as the rules say.
 * @param lookup looks in one table
 * @returns never null; referenced unless RT6_LOOKUP_F_DST_NOREF is set
 * @kernel net/ipv6/fib6_rules.c:91 (v5.10)
 */
export function fib6_rule_lookup(
	net: net,
	fl6: flowi6,
	skb: sk_buff | null,
	flags: number,
	lookup: pol_lookup_t,
): dst_entry {
	const null_entry = net.ipv6.ip6_null_entry!;

	if (net.ipv6.fib6_has_custom_rules) {
		const res = new fib6_result();
		const arg = new fib_lookup_arg();
		arg.lookup_ptr = lookup;
		arg.lookup_data = skb;
		arg.result = res;
		arg.flags = FIB_LOOKUP_NOREF;

		l3mdev_update_flow(net, fl6);

		fib_rules_lookup(net.ipv6.fib6_rules_ops!, fl6, flags, arg);

		if (res.rt6 !== null) return res.rt6;
	} else {
		let rt = lookup(net, net.ipv6.fib6_local_tbl!, fl6, skb, flags);
		if (rt !== null_entry && rt.error !== -EAGAIN) return rt;
		ip6_rt_put_flags(rt, flags);
		rt = lookup(net, net.ipv6.fib6_main_tbl!, fl6, skb, flags);
		if (rt.error !== -EAGAIN) return rt;
		ip6_rt_put_flags(rt, flags);
	}

	if ((flags & RT6_LOOKUP_F_DST_NOREF) === 0) dst_hold(null_entry);
	return null_entry;
}

/**
 * Chooses the source address of a flow that a rule of "from PREFIX" wants to know.
 * @returns 0, or -EAGAIN when it is not under the rule's prefix
 * @kernel net/ipv6/fib6_rules.c:132 (v5.10)
 */
function fib6_rule_saddr(
	net: net,
	rule: fib_rule,
	flags: number,
	flp6: flowi6,
	dev: net_device | null,
): number {
	const r = rule as fib6_rule;

	if (
		(rule.flags & FIB_RULE_FIND_SADDR) !== 0 &&
		r.src.plen !== 0 &&
		(flags & RT6_LOOKUP_F_HAS_SADDR) === 0
	) {
		const saddr = new Uint8Array(16);
		if (
			ipv6_stub
				.of(net.machine)
				.ipv6_dev_get_saddr(net, dev, flp6.daddr, rt6_flags2srcprefs(flags), saddr) !== 0
		)
			return -EAGAIN;
		if (!ipv6_prefix_equal(saddr, r.src.addr, r.src.plen)) return -EAGAIN;
		ipv6_addr_copy(flp6.saddr, saddr);
	}
	return 0;
}

/**
 * Does what a matching rule says for fib6_lookup().
 * @returns 0, -EAGAIN to go on, else -errno
 * @kernel net/ipv6/fib6_rules.c:157 (v5.10)
 */
function fib6_rule_action_alt(
	rule: fib_rule,
	flp6: flowi6,
	flags: number,
	arg: fib_lookup_arg,
	data: fib6_lookup_data,
): number {
	const res = arg.result as fib6_result;
	const net = rule.fr_net;

	switch (rule.action) {
		case FR_ACT_TO_TBL:
			break;
		case FR_ACT_UNREACHABLE:
			return -ENETUNREACH;
		case FR_ACT_PROHIBIT:
			return -EACCES;
		case FR_ACT_BLACKHOLE:
		default:
			return -EINVAL;
	}

	const table = fib6_get_table(net, fib_rule_get_table(rule, arg));
	if (table === null) return -EAGAIN;

	const err = data.lookup(net, table, data.oif, flp6, res, flags);
	if (err === 0 && res.f6i !== net.ipv6.fib6_null_entry)
		return fib6_rule_saddr(net, rule, flags, flp6, res.nh!.fib_nh_dev);
	return -EAGAIN;
}

/**
 * Does what a matching rule says for fib6_rule_lookup().
 * @returns 0, -EAGAIN to go on, else -errno
 * @kernel net/ipv6/fib6_rules.c:195 (v5.10)
 */
function __fib6_rule_action(
	rule: fib_rule,
	flp6: flowi6,
	flags: number,
	arg: fib_lookup_arg,
): number {
	const res = arg.result as fib6_result;
	const net = rule.fr_net;
	const lookup = arg.lookup_ptr as pol_lookup_t;
	let rt: rt6_info | null;
	let err: number;

	discard_pkt: {
		switch (rule.action) {
			case FR_ACT_TO_TBL:
				break;
			case FR_ACT_UNREACHABLE:
				err = -ENETUNREACH;
				rt = net.ipv6.ip6_null_entry!;
				break discard_pkt;
			default:
			case FR_ACT_BLACKHOLE:
				err = -EINVAL;
				rt = net.ipv6.ip6_blk_hole_entry!;
				break discard_pkt;
			case FR_ACT_PROHIBIT:
				err = -EACCES;
				rt = net.ipv6.ip6_prohibit_entry!;
				break discard_pkt;
		}

		const table = fib6_get_table(net, fib_rule_get_table(rule, arg));
		if (table === null) {
			res.rt6 = null;
			return -EAGAIN;
		}

		rt = lookup(net, table, flp6, arg.lookup_data as sk_buff | null, flags);
		if (rt !== net.ipv6.ip6_null_entry) {
			err = fib6_rule_saddr(net, rule, flags, flp6, rt.rt6i_idev!.dev);
			if (err !== -EAGAIN) {
				err = rt.error;
				if (err !== -EAGAIN) {
					res.rt6 = rt;
					return err;
				}
			}
		}
		ip6_rt_put_flags(rt, flags);
		res.rt6 = null;
		return -EAGAIN;
	}

	if ((flags & RT6_LOOKUP_F_DST_NOREF) === 0) dst_hold(rt);
	res.rt6 = rt;
	return err;
}

/**
 * Does what a matching rule says.
 * @returns 0, -EAGAIN to go on, else -errno
 * @kernel net/ipv6/fib6_rules.c:259 (v5.10)
 */
function fib6_rule_action(
	rule: fib_rule,
	flp: flowi,
	flags: number,
	arg: fib_lookup_arg,
): number {
	if (arg.lookup_data instanceof fib6_lookup_data)
		return fib6_rule_action_alt(rule, flp as flowi6, flags, arg, arg.lookup_data);

	return __fib6_rule_action(rule, flp as flowi6, flags, arg);
}

/**
 * Tells whether a rule refuses what its table gave: too wide a prefix, or a device of a group.
 * @kernel net/ipv6/fib6_rules.c:269 (v5.10)
 */
function fib6_rule_suppress(rule: fib_rule, arg: fib_lookup_arg): boolean {
	const rt = (arg.result as fib6_result).rt6;
	if (rt === null) return false;

	const dev = rt.rt6i_idev !== null ? rt.rt6i_idev.dev : null;

	if (
		rt.rt6i_dst.plen <= rule.suppress_prefixlen ||
		(rule.suppress_ifgroup !== -1 && dev !== null && dev.group === rule.suppress_ifgroup)
	) {
		if ((arg.flags & FIB_LOOKUP_NOREF) === 0) ip6_rt_put(rt);
		return true;
	}
	return false;
}

/**
 * Tells whether a rule is for a flow.
 * @kernel net/ipv6/fib6_rules.c:302 (v5.10)
 */
function fib6_rule_match(rule: fib_rule, fl: flowi, flags: number): boolean {
	const r = rule as fib6_rule;
	const fl6 = fl as flowi6;

	if (r.dst.plen !== 0 && !ipv6_prefix_equal(fl6.daddr, r.dst.addr, r.dst.plen)) return false;

	if (r.src.plen !== 0) {
		if ((flags & RT6_LOOKUP_F_HAS_SADDR) !== 0) {
			if (!ipv6_prefix_equal(fl6.saddr, r.src.addr, r.src.plen)) return false;
		} else if ((r.flags & FIB_RULE_FIND_SADDR) === 0) {
			return false;
		}
	}

	if (r.tclass !== 0 && r.tclass !== ip6_tclass(fl6.flowlabel)) return false;

	if (rule.ip_proto !== 0 && rule.ip_proto !== fl6.flowi6_proto) return false;

	if (
		fib_rule_port_range_set(rule.sport_range) &&
		!fib_rule_port_inrange(rule.sport_range, fl6.fl6_sport)
	)
		return false;

	if (
		fib_rule_port_range_set(rule.dport_range) &&
		!fib_rule_port_inrange(rule.dport_range, fl6.fl6_dport)
	)
		return false;

	return true;
}

/**
 * Completes a new rule from its request.
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/fib6_rules.c:347 (v5.10)
 */
function fib6_rule_configure(
	rule: fib_rule,
	frh: fib_rule_hdr_msg,
	extack: netlink_ext_ack | null,
): number {
	const net = rule.fr_net;
	const rule6 = rule as fib6_rule;

	if (rule.action === FR_ACT_TO_TBL && rule.l3mdev === 0) {
		if (rule.table === RT6_TABLE_UNSPEC) {
			NL_SET_ERR_MSG(extack, 'Invalid table');
			return -EINVAL;
		}
		fib6_new_table(net, rule.table);
	}

	const src = nla_data(frh.tb, FRA_SRC);
	if (frh.src_len !== 0 && src !== null) ipv6_addr_copy(rule6.src.addr, src);
	const dst = nla_data(frh.tb, FRA_DST);
	if (frh.dst_len !== 0 && dst !== null) ipv6_addr_copy(rule6.dst.addr, dst);

	rule6.src.plen = frh.src_len;
	rule6.dst.plen = frh.dst_len;
	rule6.tclass = frh.tos;

	if (fib_rule_requires_fldissect(rule)) net.ipv6.fib6_rules_require_fldissect++;

	net.ipv6.fib6_has_custom_rules = true;
	return 0;
}

/**
 * Undoes what configuring counted.
 * @returns 0
 * @kernel net/ipv6/fib6_rules.c:387 (v5.10)
 */
function fib6_rule_delete(rule: fib_rule): number {
	const net = rule.fr_net;
	if (net.ipv6.fib6_rules_require_fldissect !== 0 && fib_rule_requires_fldissect(rule))
		net.ipv6.fib6_rules_require_fldissect--;
	return 0;
}

/**
 * Tells whether a rule is the one a request means.
 * @kernel net/ipv6/fib6_rules.c:398 (v5.10)
 */
function fib6_rule_compare(rule: fib_rule, frh: fib_rule_hdr_msg): boolean {
	const rule6 = rule as fib6_rule;

	if (frh.src_len !== 0 && rule6.src.plen !== frh.src_len) return false;
	if (frh.dst_len !== 0 && rule6.dst.plen !== frh.dst_len) return false;
	if (frh.tos !== 0 && rule6.tclass !== frh.tos) return false;

	const src = nla_data(frh.tb, FRA_SRC);
	if (frh.src_len !== 0 && (src === null || !ipv6_addr_equal(src, rule6.src.addr))) return false;
	const dst = nla_data(frh.tb, FRA_DST);
	if (frh.dst_len !== 0 && (dst === null || !ipv6_addr_equal(dst, rule6.dst.addr))) return false;

	return true;
}

/**
 * Writes a rule into a message.
 * @returns 0
 * @kernel net/ipv6/fib6_rules.c:423 (v5.10)
 */
function fib6_rule_fill(rule: fib_rule, frh: fib_rule_hdr_msg): number {
	const rule6 = rule as fib6_rule;

	frh.dst_len = rule6.dst.plen;
	frh.src_len = rule6.src.plen;
	frh.tos = rule6.tclass;

	if (rule6.dst.plen !== 0) nla_put(frh.tb, FRA_DST, rule6.dst.addr.slice());
	if (rule6.src.plen !== 0) nla_put(frh.tb, FRA_SRC, rule6.src.addr.slice());
	return 0;
}

/**
 * Operations of the IPv6 rules of a namespace.
 * @kernel net/ipv6/fib6_rules.c:449 (v5.10)
 */
function fib6_rules_ops_template(net: net): fib_rules_ops {
	return {
		family: AF_INET6,
		addr_bits: 128,
		unresolved_rules: 0,
		nr_goto_rules: 0,
		fib_rules_seq: 0,
		alloc: (n) => new fib6_rule(n),
		action: fib6_rule_action,
		match: fib6_rule_match,
		suppress: fib6_rule_suppress,
		configure: fib6_rule_configure,
		delete: fib6_rule_delete,
		compare: fib6_rule_compare,
		fill: fib6_rule_fill,
		nlgroup: RTNLGRP_IPV6_RULE,
		rules_list: [],
		fro_net: net,
	};
}

/**
 * Gives a namespace its two default rules.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/fib6_rules.c:467 (v5.10)
 */
function fib6_rules_net_init(net: net): number {
	const ops = fib6_rules_ops_template(net);
	let err = fib_rules_register(ops, net);
	if (err !== 0) return err;

	err = fib_default_rule_add(ops, 0, RT6_TABLE_LOCAL, 0);
	if (err === 0) err = fib_default_rule_add(ops, 0x7ffe, RT6_TABLE_MAIN, 0);
	if (err !== 0) {
		fib_rules_unregister(ops);
		return err;
	}

	net.ipv6.fib6_rules_ops = ops;
	net.ipv6.fib6_rules_require_fldissect = 0;
	return 0;
}

/**
 * Takes a namespace's rules away.
 * @kernel net/ipv6/fib6_rules.c:494 (v5.10)
 */
function fib6_rules_net_exit(net: net): void {
	fib_rules_unregister(net.ipv6.fib6_rules_ops!);
}

const fib6_rules_net_ops: pernet_operations = {
	init: fib6_rules_net_init,
	exit: fib6_rules_net_exit,
};

/**
 * Sets the rules up.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/fib6_rules.c:506 (v5.10)
 */
export function fib6_rules_init(m: Machine): number {
	return register_pernet_subsys(m, fib6_rules_net_ops);
}
