// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/fib_rules.c, base v5.10: policy routing rules of IPv4, and fib_lookup().
 *
 * Not ported: notifiers for hardware, realms.
 */
import type { __be32, u8 } from '../../include/linux/types.ts';
import { htonl, ntohl } from '../../include/linux/byteorder/generic.ts';
import { machine_var } from '../../include/linux/machine.ts';
import { inet_make_mask } from '../../include/linux/inetdevice.ts';
import { type netlink_ext_ack, NL_SET_ERR_MSG } from '../../include/linux/netlink.ts';
import { AF_INET } from '../../include/linux/socket.ts';
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
import type { flowi4} from '../../include/net/flow.ts';
import { type flowi, flowi4_to_flowi } from '../../include/net/flow.ts';
import type { fib_result} from '../../include/net/ip_fib.ts';
import { fib_get_table, type fib_table } from '../../include/net/ip_fib.ts';
import { ipv4_stub } from '../../include/net/ipv4_stubs.ts';
import { l3mdev_update_flow } from '../../include/net/l3mdev.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { nla_put_u32 } from '../../include/net/netlink.ts';
import { EACCES, EAGAIN, EINVAL, ENETUNREACH, ENOBUFS, ESRCH } from '../../include/uapi/linux/errno.ts';
import {
	FR_ACT_PROHIBIT,
	FR_ACT_TO_TBL,
	FR_ACT_UNREACHABLE,
	FRA_DST,
	FRA_SRC,
} from '../../include/uapi/linux/fib_rules.ts';
import { IPTOS_TOS_MASK } from '../../include/uapi/linux/ip.ts';
import {
	type fib_rule_hdr_msg,
	RT_TABLE_DEFAULT,
	RT_TABLE_LOCAL,
	RT_TABLE_MAIN,
	RT_TABLE_MAX,
	RT_TABLE_UNSPEC,
	RTNLGRP_IPV4_RULE,
} from '../../include/uapi/linux/rtnetlink.ts';
import {
	fib_default_rule_add,
	fib_rule_matchall,
	fib_rules_lookup,
	fib_rules_register,
	fib_rules_unregister,
} from '../core/fib_rules.ts';
import { nla_get_in_addr } from './devinet.ts';

/** A rule of IPv4. */
class fib4_rule extends fib_rule {
	dst_len: u8 = 0;
	src_len: u8 = 0;
	tos: u8 = 0;
	src: __be32 = htonl(0);
	srcmask: __be32 = htonl(0);
	dst: __be32 = htonl(0);
	dstmask: __be32 = htonl(0);
}

/** The argument of __fib_lookup(); lookups do not nest. */
const fib_lookup_scratch = machine_var(() => new fib_lookup_arg());

/**
 * Looks a flow up: in main (with local in it or before it) and default, or by the user's rules.
 * @param flp may be changed when a device is a port of a VRF
 * @param res takes the answer
 * @param flags FIB_LOOKUP_*
 * @returns 0, -ENETUNREACH, or the errno of the route or rule found
 * @kernel PORT: inline of include/net/ip_fib.h:357, include/ does not import net/
 */
export function fib_lookup(net: net, flp: flowi4, res: fib_result, flags: number): number {
	let err = -ENETUNREACH;
	flags |= FIB_LOOKUP_NOREF;
	const ipv4 = net.ipv4;
	if (ipv4.fib_has_custom_rules) return __fib_lookup(net, flp, res, flags);
	res.tclassid = 0;
	let tb = ipv4.fib_main;
	if (tb !== null) {
		err = tb.tb_lookup(tb, flp, res, flags);
		if (err === 0) return 0;
	}
	tb = ipv4.fib_default;
	if (tb !== null) err = tb.tb_lookup(tb, flp, res, flags);
	return err === -EAGAIN ? -ENETUNREACH : err;
}

/**
 * Tells whether a rule matches everything.
 * @kernel net/ipv4/fib_rules.c:48 (v5.10)
 */
function fib4_rule_matchall(rule: fib_rule): boolean {
	const r = rule as fib4_rule;
	if (r.dst_len !== 0 || r.src_len !== 0 || r.tos !== 0) return false;
	return fib_rule_matchall(rule);
}

/**
 * Tells whether a rule is one of the three that a namespace starts with.
 * @kernel net/ipv4/fib_rules.c:57 (v5.10)
 */
export function fib4_rule_default(rule: fib_rule): boolean {
	if (!fib4_rule_matchall(rule) || rule.action !== FR_ACT_TO_TBL || rule.l3mdev !== 0)
		return false;
	return (
		rule.table === RT_TABLE_LOCAL ||
		rule.table === RT_TABLE_MAIN ||
		rule.table === RT_TABLE_DEFAULT
	);
}

/**
 * Looks a flow up by the rules.
 * @returns 0, -ENETUNREACH, or the errno of the route or rule found
 * @kernel net/ipv4/fib_rules.c:80 (v5.10)
 */
export function __fib_lookup(net: net, flp: flowi4, res: fib_result, flags: number): number {
	const arg = fib_lookup_scratch.of(net.machine);
	arg.result = res;
	arg.rule = null;
	arg.table = 0;
	arg.flags = flags;
	l3mdev_update_flow(net, flowi4_to_flowi(flp));
	res.tclassid = 0;
	const err = fib_rules_lookup(net.ipv4.rules_ops!, flowi4_to_flowi(flp), 0, arg);
	return err === -ESRCH ? -ENETUNREACH : err;
}

/**
 * Does what a rule says: looks in its table, or refuses.
 * @returns 0, -EAGAIN to go on, or a negative errno
 * @kernel net/ipv4/fib_rules.c:107 (v5.10)
 */
function fib4_rule_action(
	rule: fib_rule,
	flp: flowi,
	_flags: number,
	arg: fib_lookup_arg,
): number {
	switch (rule.action) {
		case FR_ACT_TO_TBL:
			break;
		case FR_ACT_UNREACHABLE:
			return -ENETUNREACH;
		case FR_ACT_PROHIBIT:
			return -EACCES;
		default:
			return -EINVAL;
	}
	const tbl = fib_get_table(rule.fr_net, fib_rule_get_table(rule, arg));
	if (tbl === null) return -EAGAIN;
	return tbl.tb_lookup(tbl, flp as flowi4, arg.result as fib_result, arg.flags);
}

/**
 * Does a rule refuse an answer for its short prefix or its device's group?
 * @kernel net/ipv4/fib_rules.c:143 (v5.10)
 */
function fib4_rule_suppress(rule: fib_rule, arg: fib_lookup_arg): boolean {
	const result = arg.result as fib_result;
	const dev = result.fi !== null ? result.fi.fib_nh[0].fib_nh_dev : null;
	if (
		result.prefixlen <= rule.suppress_prefixlen ||
		(rule.suppress_ifgroup !== -1 && dev !== null && dev.group === rule.suppress_ifgroup)
	) {
		/* Lookups never hold the answer: fib_lookup() sets FIB_LOOKUP_NOREF. */
		return true;
	}
	return false;
}

/**
 * Does a rule match a flow by addresses, type of service, protocol and ports?
 * @kernel net/ipv4/fib_rules.c:175 (v5.10)
 */
function fib4_rule_match(rule: fib_rule, fl: flowi, _flags: number): boolean {
	const r = rule as fib4_rule;
	const fl4 = fl as flowi4;
	if (((fl4.saddr ^ r.src) & r.srcmask) !== 0 || ((fl4.daddr ^ r.dst) & r.dstmask) !== 0)
		return false;
	if (r.tos !== 0 && r.tos !== fl4.flowi4_tos) return false;
	if (rule.ip_proto !== 0 && rule.ip_proto !== fl4.flowi4_proto) return false;
	if (
		fib_rule_port_range_set(rule.sport_range) &&
		!fib_rule_port_inrange(rule.sport_range, fl4.fl4_sport)
	)
		return false;
	if (
		fib_rule_port_range_set(rule.dport_range) &&
		!fib_rule_port_inrange(rule.dport_range, fl4.fl4_dport)
	)
		return false;
	return true;
}

/**
 * Makes the table with the lowest free number.
 * @kernel net/ipv4/fib_rules.c:204 (v5.10)
 */
function fib_empty_table(net: net): fib_table | null {
	for (let id = 1; id <= RT_TABLE_MAX; id++)
		if (fib_get_table(net, id) === null) return ipv4_stub.of(net.machine).fib_new_table(net, id);
	return null;
}

/**
 * Completes a new rule from the request.
 * @returns 0, -EINVAL, -ENOBUFS
 * @kernel net/ipv4/fib_rules.c:223 (v5.10)
 */
function fib4_rule_configure(
	rule: fib_rule,
	frh: fib_rule_hdr_msg,
	extack: netlink_ext_ack | null,
): number {
	const net = rule.fr_net;
	const rule4 = rule as fib4_rule;
	if ((frh.tos & ~IPTOS_TOS_MASK) !== 0) {
		NL_SET_ERR_MSG(extack, 'Invalid tos');
		return -EINVAL;
	}
	const err = ipv4_stub.of(net.machine).fib_unmerge(net);
	if (err !== 0) return err;
	if (
		rule.table === RT_TABLE_UNSPEC &&
		rule.l3mdev === 0 &&
		rule.action === FR_ACT_TO_TBL
	) {
		const table = fib_empty_table(net);
		if (table === null) return -ENOBUFS;
		rule.table = table.tb_id;
	}
	if (frh.src_len !== 0) rule4.src = nla_get_in_addr(frh.tb, FRA_SRC)!;
	if (frh.dst_len !== 0) rule4.dst = nla_get_in_addr(frh.tb, FRA_DST)!;
	if (fib_rule_requires_fldissect(rule)) net.ipv4.fib_rules_require_fldissect++;
	rule4.src_len = frh.src_len;
	rule4.srcmask = inet_make_mask(rule4.src_len);
	rule4.dst_len = frh.dst_len;
	rule4.dstmask = inet_make_mask(rule4.dst_len);
	rule4.tos = frh.tos;
	net.ipv4.fib_has_custom_rules = true;
	return 0;
}

/**
 * A rule is about to go.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/fib_rules.c:286 (v5.10)
 */
function fib4_rule_delete(rule: fib_rule): number {
	const net = rule.fr_net;
	/* PORT: not when the namespace goes: its tables are gone then. */
	const err = ipv4_stub.of(net.machine).fib_unmerge(net);
	if (err !== 0) return err;
	net.ipv4.fib_has_custom_rules = true;
	if (net.ipv4.fib_rules_require_fldissect !== 0 && fib_rule_requires_fldissect(rule))
		net.ipv4.fib_rules_require_fldissect--;
	return 0;
}

/**
 * Does a rule fit what a request says?
 * @kernel net/ipv4/fib_rules.c:309 (v5.10)
 */
function fib4_rule_compare(rule: fib_rule, frh: fib_rule_hdr_msg): boolean {
	const rule4 = rule as fib4_rule;
	if (frh.src_len !== 0 && rule4.src_len !== frh.src_len) return false;
	if (frh.dst_len !== 0 && rule4.dst_len !== frh.dst_len) return false;
	if (frh.tos !== 0 && rule4.tos !== frh.tos) return false;
	if (frh.src_len !== 0 && rule4.src !== nla_get_in_addr(frh.tb, FRA_SRC)) return false;
	if (frh.dst_len !== 0 && rule4.dst !== nla_get_in_addr(frh.tb, FRA_DST)) return false;
	return true;
}

/**
 * Adds IPv4's part of a rule to a message.
 * @returns 0
 * @kernel net/ipv4/fib_rules.c:337 (v5.10)
 */
function fib4_rule_fill(rule: fib_rule, frh: fib_rule_hdr_msg): number {
	const rule4 = rule as fib4_rule;
	frh.dst_len = rule4.dst_len;
	frh.src_len = rule4.src_len;
	frh.tos = rule4.tos;
	if (rule4.dst_len !== 0) nla_put_u32(frh.tb, FRA_DST, ntohl(rule4.dst));
	if (rule4.src_len !== 0) nla_put_u32(frh.tb, FRA_SRC, ntohl(rule4.src));
	return 0;
}

/**
 * Makes the cached routes of a namespace stale.
 * @kernel net/ipv4/fib_rules.c:369 (v5.10)
 */
function fib4_rule_flush_cache(ops: fib_rules_ops): void {
	/* rt_cache_flush() */
	ops.fro_net.ipv4.rt_genid++;
}

/**
 * Operations of the IPv4 rules of a namespace.
 * @kernel PORT: net/ipv4/fib_rules.c fib4_rules_ops_template, a static in C
 */
function fib4_rules_ops_template(net: net): fib_rules_ops {
	return {
		family: AF_INET,
		addr_bits: 32,
		unresolved_rules: 0,
		nr_goto_rules: 0,
		fib_rules_seq: 0,
		alloc: (n) => new fib4_rule(n),
		action: fib4_rule_action,
		suppress: fib4_rule_suppress,
		match: fib4_rule_match,
		configure: fib4_rule_configure,
		delete: fib4_rule_delete,
		compare: fib4_rule_compare,
		fill: fib4_rule_fill,
		flush_cache: fib4_rule_flush_cache,
		nlgroup: RTNLGRP_IPV4_RULE,
		rules_list: [],
		fro_net: net,
	};
}

/**
 * Adds the three rules that a namespace starts with: local, main, default.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/fib_rules.c:392 (v5.10)
 */
function fib_default_rules_init(ops: fib_rules_ops): number {
	let err = fib_default_rule_add(ops, 0, RT_TABLE_LOCAL, 0);
	if (err < 0) return err;
	err = fib_default_rule_add(ops, 0x7ffe, RT_TABLE_MAIN, 0);
	if (err < 0) return err;
	err = fib_default_rule_add(ops, 0x7fff, RT_TABLE_DEFAULT, 0);
	if (err < 0) return err;
	return 0;
}

/**
 * Gives a namespace its rules.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/fib_rules.c:408 (v5.10)
 */
export function fib4_rules_init(net: net): number {
	const ops = fib4_rules_ops_template(net);
	let err = fib_rules_register(ops, net);
	if (err < 0) return err;
	err = fib_default_rules_init(ops);
	if (err < 0) {
		fib_rules_unregister(ops);
		return err;
	}
	net.ipv4.rules_ops = ops;
	net.ipv4.fib_has_custom_rules = false;
	net.ipv4.fib_rules_require_fldissect = 0;
	return 0;
}

/**
 * Takes a namespace's rules away.
 * @kernel net/ipv4/fib_rules.c:431 (v5.10)
 */
export function fib4_rules_exit(net: net): void {
	fib_rules_unregister(net.ipv4.rules_ops!);
}
