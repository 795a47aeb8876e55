// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/core/fib_rules.c, base v5.10: policy routing rules of all families, and their netlink side.
 *
 * Not ported: notifiers for hardware, tunnel metadata of a rule's tunnel id.
 */
import type { Machine } from '../../include/linux/machine.ts';
import {
	dev_net,
	type net_device,
	NETDEV_CHANGENAME,
	type netdev_notifier_info,
	netdev_notifier_info_to_dev,
	NETDEV_REGISTER,
	NETDEV_UNREGISTER,
} from '../../include/linux/netdevice.ts';
import { type netlink_ext_ack, NL_SET_ERR_MSG } from '../../include/linux/netlink.ts';
import { NOTIFY_DONE } from '../../include/linux/notifier.ts';
import { AF_UNSPEC, PF_UNSPEC } from '../../include/linux/socket.ts';
import type { u32 } from '../../include/linux/types.ts';
import type { flowi } from '../../include/net/flow.ts';
import type {
	fib_kuid_range} from '../../include/net/fib_rules.ts';
import {
	type fib_lookup_arg,
	FIB_LOOKUP_NOREF,
	type fib_rule,
	fib_rule_get,
	fib_rule_port_range,
	fib_rule_port_range_compare,
	fib_rule_port_range_set,
	fib_rule_port_range_valid,
	fib_rule_put,
	type fib_rules_ops,
	frh_get_table,
} from '../../include/net/fib_rules.ts';
import { l3mdev_fib_rule_match } from '../../include/net/l3mdev.ts';
import type { net } from '../../include/net/net_namespace.ts';
import {
	nla_get_s32,
	nla_get_u16,
	nla_get_u32,
	nla_get_u64,
	nla_get_u8,
	nla_nest_start,
	nla_parse_nested,
	nla_put_string,
	nla_put_u32,
	nla_put_u64_64bit,
	nla_put_u8,
	nla_strdup,
	type nlattrs,
	NLM_F_EXCL,
	NLM_F_MULTI,
	type nlmsg,
} from '../../include/net/netlink.ts';
import { EAFNOSUPPORT, EAGAIN, EEXIST, EINVAL, ENOENT, EPERM, ESRCH } from '../../include/uapi/linux/errno.ts';
import {
	FIB_RULE_IIF_DETACHED,
	FIB_RULE_INVERT,
	FIB_RULE_OIF_DETACHED,
	FIB_RULE_PERMANENT,
	FIB_RULE_UNRESOLVED,
	FR_ACT_GOTO,
	FR_ACT_NOP,
	FR_ACT_TO_TBL,
	FRA_DPORT_RANGE,
	FRA_DST,
	FRA_FWMARK,
	FRA_FWMASK,
	FRA_GOTO,
	FRA_IIFNAME,
	FRA_IP_PROTO,
	FRA_L3MDEV,
	FRA_OIFNAME,
	FRA_PRIORITY,
	FRA_PROTOCOL,
	FRA_RANGE_END,
	FRA_RANGE_START,
	FRA_SPORT_RANGE,
	FRA_SRC,
	FRA_SUPPRESS_IFGROUP,
	FRA_SUPPRESS_PREFIXLEN,
	FRA_TABLE,
	FRA_TUN_ID,
	FRA_UID_RANGE,
} from '../../include/uapi/linux/fib_rules.ts';
import {
	fib_rule_hdr_msg,
	RT_TABLE_COMPAT,
	RTM_DELRULE,
	RTM_GETRULE,
	RTM_NEWRULE,
	RTPROT_KERNEL,
	RTPROT_UNSPEC,
} from '../../include/uapi/linux/rtnetlink.ts';
import { __dev_get_by_name, register_netdevice_notifier } from './dev.ts';
import { register_pernet_subsys } from './net_namespace.ts';
import { rtnl_has_listeners, rtnl_msg_family, rtnl_notify, rtnl_register } from './rtnetlink.ts';

/** KUIDT_INIT(~0) */
const UID_INVALID = 0xffffffff;

/**
 * Tells whether a rule matches everything.
 * @kernel net/core/fib_rules.c:37 (v5.10)
 */
export function fib_rule_matchall(rule: fib_rule): boolean {
	if (
		rule.iifindex !== 0 ||
		rule.oifindex !== 0 ||
		rule.mark !== 0 ||
		rule.tun_id !== 0 ||
		rule.flags !== 0
	)
		return false;
	if (rule.suppress_ifgroup !== -1 || rule.suppress_prefixlen !== -1) return false;
	if (rule.uid_range.start !== 0 || rule.uid_range.end !== UID_INVALID) return false;
	if (fib_rule_port_range_set(rule.sport_range)) return false;
	if (fib_rule_port_range_set(rule.dport_range)) return false;
	return true;
}

/**
 * Appends one of the rules that a namespace starts with.
 * @param pref preference
 * @param table RT_TABLE_*
 * @param flags FIB_RULE_*
 * @returns 0
 * @kernel net/core/fib_rules.c:55 (v5.10)
 */
export function fib_default_rule_add(
	ops: fib_rules_ops,
	pref: u32,
	table: u32,
	flags: u32,
): number {
	const r = ops.alloc(ops.fro_net);
	r.action = FR_ACT_TO_TBL;
	r.pref = pref;
	r.table = table;
	r.flags = flags;
	r.proto = RTPROT_KERNEL;
	ops.rules_list.push(r);
	return 0;
}

/**
 * Preference of a rule that the user gives none: one before the second.
 * @kernel net/core/fib_rules.c:83 (v5.10)
 */
function fib_default_rule_pref(ops: fib_rules_ops): u32 {
	if (ops.rules_list.length > 1) {
		const rule = ops.rules_list[1];
		if (rule.pref !== 0) return rule.pref - 1;
	}
	return 0;
}

/**
 * Finds the rules of a family.
 * @kernel net/core/fib_rules.c:104 (v5.10)
 */
function lookup_rules_ops(net: net, family: number): fib_rules_ops | null {
	return net.rules_ops.find((ops) => ops.family === family) ?? null;
}

/**
 * Makes cached routes of a family stale.
 * @kernel net/core/fib_rules.c:128 (v5.10)
 */
function flush_route_cache(ops: fib_rules_ops): void {
	ops.flush_cache?.(ops);
}

/**
 * Enters a family's rules into its namespace.
 * @returns 0 or -EEXIST
 * @kernel net/core/fib_rules.c:134 (v5.10)
 */
function __fib_rules_register(ops: fib_rules_ops): number {
	const net = ops.fro_net;
	if (lookup_rules_ops(net, ops.family) !== null) return -EEXIST;
	net.rules_ops.push(ops);
	return 0;
}

/**
 * Enters the set of rules of a family into a namespace. PORT: the caller made the object, C copies a template.
 * @param ops with an empty list
 * @returns 0 or -EEXIST
 * @kernel net/core/fib_rules.c:164 (v5.10)
 */
export function fib_rules_register(ops: fib_rules_ops, net: net): number {
	ops.fro_net = net;
	return __fib_rules_register(ops);
}

/**
 * Removes all rules of a set.
 * @kernel net/core/fib_rules.c:186 (v5.10)
 */
function fib_rules_cleanup_ops(ops: fib_rules_ops): void {
	for (const rule of ops.rules_list.splice(0)) {
		ops.delete?.(rule);
		fib_rule_put(rule);
	}
}

/**
 * Takes a family's rules away.
 * @kernel net/core/fib_rules.c:198 (v5.10)
 */
export function fib_rules_unregister(ops: fib_rules_ops): void {
	const net = ops.fro_net;
	const i = net.rules_ops.indexOf(ops);
	if (i >= 0) net.rules_ops.splice(i, 1);
	fib_rules_cleanup_ops(ops);
}

/**
 * Tells whether a range of users restricts anything.
 * @kernel net/core/fib_rules.c:211 (v5.10)
 */
function uid_range_set(range: fib_kuid_range): boolean {
	return range.start !== UID_INVALID && range.end !== UID_INVALID;
}

/**
 * Reads a range of users.
 * @param range takes it
 * @kernel net/core/fib_rules.c:216 (v5.10)
 */
function nla_get_kuid_range(tb: nlattrs, range: fib_kuid_range): void {
	const v = nla_parse_nested(tb, FRA_UID_RANGE);
	range.start = (v !== null ? nla_get_u32(v, FRA_RANGE_START) : null) ?? UID_INVALID;
	range.end = (v !== null ? nla_get_u32(v, FRA_RANGE_END) : null) ?? UID_INVALID;
}

/**
 * Adds a range of users.
 * @kernel net/core/fib_rules.c:229 (v5.10)
 */
function nla_put_uid_range(tb: nlattrs, range: fib_kuid_range): void {
	const v = nla_nest_start(tb, FRA_UID_RANGE);
	v.set(FRA_RANGE_START, range.start);
	v.set(FRA_RANGE_END, range.end);
}

/**
 * Reads a range of ports.
 * @param port_range takes it
 * @returns 0 or -EINVAL
 * @kernel net/core/fib_rules.c:239 (v5.10)
 */
function nla_get_port_range(
	tb: nlattrs,
	attrtype: number,
	port_range: fib_rule_port_range,
): number {
	const v = nla_parse_nested(tb, attrtype);
	const pr = new fib_rule_port_range();
	pr.start = (v !== null ? nla_get_u16(v, FRA_RANGE_START) : null) ?? 0;
	pr.end = (v !== null ? nla_get_u16(v, FRA_RANGE_END) : null) ?? 0;
	if (!fib_rule_port_range_valid(pr)) return -EINVAL;
	port_range.start = pr.start;
	port_range.end = pr.end;
	return 0;
}

/**
 * Adds a range of ports.
 * @kernel net/core/fib_rules.c:253 (v5.10)
 */
function nla_put_port_range(tb: nlattrs, attrtype: number, range: fib_rule_port_range): void {
	const v = nla_nest_start(tb, attrtype);
	v.set(FRA_RANGE_START, range.start);
	v.set(FRA_RANGE_END, range.end);
}

/**
 * Does a rule match a flow?
 * @kernel net/core/fib_rules.c:259 (v5.10)
 */
function fib_rule_match(
	rule: fib_rule,
	ops: fib_rules_ops,
	fl: flowi,
	flags: number,
	arg: fib_lookup_arg,
): boolean {
	let ret = false;
	out: {
		if (rule.iifindex !== 0 && rule.iifindex !== fl.flowi_iif) break out;
		if (rule.oifindex !== 0 && rule.oifindex !== fl.flowi_oif) break out;
		if (((rule.mark ^ fl.flowi_mark) & rule.mark_mask) !== 0) break out;
		if (rule.tun_id !== 0 && rule.tun_id !== fl.flowi_tun_key) break out;
		if (rule.l3mdev !== 0 && !l3mdev_fib_rule_match(rule.fr_net, fl, arg)) break out;
		if (fl.flowi_uid < rule.uid_range.start || fl.flowi_uid > rule.uid_range.end) break out;
		ret = ops.match(rule, fl, flags);
	}
	return (rule.flags & FIB_RULE_INVERT) !== 0 ? !ret : ret;
}

/**
 * Goes through the rules until one gives an answer.
 * @param arg takes the rule; a reference on it unless FIB_LOOKUP_NOREF
 * @returns 0, what the rule's action says, -ESRCH when no rule matched
 * @kernel net/core/fib_rules.c:292 (v5.10)
 */
export function fib_rules_lookup(
	ops: fib_rules_ops,
	fl: flowi,
	flags: number,
	arg: fib_lookup_arg,
): number {
	const list = ops.rules_list;
	let i = 0;
	while (i < list.length) {
		const rule = list[i];
		if (!fib_rule_match(rule, ops, fl, flags, arg)) {
			i++;
			continue;
		}
		if (rule.action === FR_ACT_GOTO) {
			const target = rule.ctarget;
			/* goto jumped: the target is matched next */
			i = target === null ? i + 1 : list.indexOf(target, i);
			if (i < 0) break;
			continue;
		}
		if (rule.action === FR_ACT_NOP) {
			i++;
			continue;
		}
		const err = ops.action(rule, fl, flags, arg);
		if (err === 0 && ops.suppress?.(rule, arg) === true) {
			i++;
			continue;
		}
		if (err !== -EAGAIN) {
			if ((arg.flags & FIB_LOOKUP_NOREF) === 0) fib_rule_get(rule);
			arg.rule = rule;
			return err;
		}
		i++;
	}
	return -ESRCH;
}

/**
 * Finds the rule that a request means; what the request leaves open matches any.
 * @param user_priority the request names the preference
 * @kernel net/core/fib_rules.c:417 (v5.10)
 */
function rule_find(
	ops: fib_rules_ops,
	frh: fib_rule_hdr_msg,
	rule: fib_rule,
	user_priority: boolean,
): fib_rule | null {
	for (const r of ops.rules_list) {
		if (rule.action !== 0 && r.action !== rule.action) continue;
		if (rule.table !== 0 && r.table !== rule.table) continue;
		if (user_priority && r.pref !== rule.pref) continue;
		if (rule.iifname !== '' && r.iifname !== rule.iifname) continue;
		if (rule.oifname !== '' && r.oifname !== rule.oifname) continue;
		if (rule.mark !== 0 && r.mark !== rule.mark) continue;
		if (rule.suppress_ifgroup !== -1 && r.suppress_ifgroup !== rule.suppress_ifgroup) continue;
		if (rule.suppress_prefixlen !== -1 && r.suppress_prefixlen !== rule.suppress_prefixlen)
			continue;
		if (rule.mark_mask !== 0 && r.mark_mask !== rule.mark_mask) continue;
		if (rule.tun_id !== 0 && r.tun_id !== rule.tun_id) continue;
		if (r.fr_net !== rule.fr_net) continue;
		if (rule.l3mdev !== 0 && r.l3mdev !== rule.l3mdev) continue;
		if (
			uid_range_set(rule.uid_range) &&
			(r.uid_range.start !== rule.uid_range.start || r.uid_range.end !== rule.uid_range.end)
		)
			continue;
		if (rule.ip_proto !== 0 && r.ip_proto !== rule.ip_proto) continue;
		if (rule.proto !== 0 && r.proto !== rule.proto) continue;
		if (
			fib_rule_port_range_set(rule.sport_range) &&
			!fib_rule_port_range_compare(r.sport_range, rule.sport_range)
		)
			continue;
		if (
			fib_rule_port_range_set(rule.dport_range) &&
			!fib_rule_port_range_compare(r.dport_range, rule.dport_range)
		)
			continue;
		if (!ops.compare(r, frh)) continue;
		return r;
	}
	return null;
}

/**
 * Reads the VRF mark of a rule.
 * @returns 0 or -1
 * @kernel net/core/fib_rules.c:496 (v5.10)
 */
function fib_nl2rule_l3mdev(
	tb: nlattrs,
	nlrule: fib_rule,
	extack: netlink_ext_ack | null,
): number {
	nlrule.l3mdev = nla_get_u8(tb, FRA_L3MDEV) ?? 0;
	if (nlrule.l3mdev !== 1) {
		NL_SET_ERR_MSG(extack, 'Invalid l3mdev attribute');
		return -1;
	}
	return 0;
}

/**
 * Length in bits of an address attribute.
 * @returns 32, 128, or 0 when it is absent or no address
 * @kernel PORT: nla_len(tb[FRA_SRC])
 */
function fra_addr_bits(tb: nlattrs, attrtype: number): number {
	const v = tb.get(attrtype);
	if (typeof v === 'number') return 32;
	return v instanceof Uint8Array ? v.length * 8 : 0;
}

/** A rule made from a request. */
class nl2rule {
	rule: fib_rule | null = null;
	user_priority = false;
}

/**
 * Makes a rule from a request.
 * @param out takes the rule
 * @returns 0 or -EINVAL
 * @kernel net/core/fib_rules.c:516 (v5.10)
 */
function fib_nl2rule(
	net: net,
	frh: fib_rule_hdr_msg,
	extack: netlink_ext_ack | null,
	ops: fib_rules_ops,
	out: nl2rule,
): number {
	const tb = frh.tb;
	if (
		frh.src_len !== 0 &&
		(frh.src_len > ops.addr_bits || fra_addr_bits(tb, FRA_SRC) !== ops.addr_bits)
	) {
		NL_SET_ERR_MSG(extack, 'Invalid source address');
		return -EINVAL;
	}
	if (
		frh.dst_len !== 0 &&
		(frh.dst_len > ops.addr_bits || fra_addr_bits(tb, FRA_DST) !== ops.addr_bits)
	) {
		NL_SET_ERR_MSG(extack, 'Invalid dst address');
		return -EINVAL;
	}
	const nlrule = ops.alloc(net);
	const pref = nla_get_u32(tb, FRA_PRIORITY);
	if (pref !== null) {
		nlrule.pref = pref;
		out.user_priority = true;
	} else {
		nlrule.pref = fib_default_rule_pref(ops);
	}
	nlrule.proto = nla_get_u8(tb, FRA_PROTOCOL) ?? RTPROT_UNSPEC;

	const iifname = nla_strdup(tb, FRA_IIFNAME);
	if (iifname !== null) {
		nlrule.iifname = iifname;
		nlrule.iifindex = __dev_get_by_name(net, iifname)?.ifindex ?? -1;
	}
	const oifname = nla_strdup(tb, FRA_OIFNAME);
	if (oifname !== null) {
		nlrule.oifname = oifname;
		nlrule.oifindex = __dev_get_by_name(net, oifname)?.ifindex ?? -1;
	}
	const mark = nla_get_u32(tb, FRA_FWMARK);
	if (mark !== null) {
		nlrule.mark = mark;
		if (mark !== 0) nlrule.mark_mask = 0xffffffff;
	}
	nlrule.mark_mask = nla_get_u32(tb, FRA_FWMASK) ?? nlrule.mark_mask;
	nlrule.tun_id = nla_get_u64(tb, FRA_TUN_ID) ?? 0;
	if (tb.has(FRA_L3MDEV) && fib_nl2rule_l3mdev(tb, nlrule, extack) < 0) return -EINVAL;

	nlrule.action = frh.action;
	nlrule.flags = frh.rule_flags;
	nlrule.table = frh_get_table(frh);
	nlrule.suppress_prefixlen = nla_get_s32(tb, FRA_SUPPRESS_PREFIXLEN) ?? -1;
	nlrule.suppress_ifgroup = nla_get_s32(tb, FRA_SUPPRESS_IFGROUP) ?? -1;

	const target = nla_get_u32(tb, FRA_GOTO);
	if (target !== null) {
		if (nlrule.action !== FR_ACT_GOTO) {
			NL_SET_ERR_MSG(extack, 'Unexpected goto');
			return -EINVAL;
		}
		nlrule.target = target;
		if (nlrule.target <= nlrule.pref) {
			NL_SET_ERR_MSG(extack, 'Backward goto not supported');
			return -EINVAL;
		}
	} else if (nlrule.action === FR_ACT_GOTO) {
		NL_SET_ERR_MSG(extack, 'Missing goto target for action goto');
		return -EINVAL;
	}
	if (nlrule.l3mdev !== 0 && nlrule.table !== 0) {
		NL_SET_ERR_MSG(extack, 'l3mdev and table are mutually exclusive');
		return -EINVAL;
	}
	if (tb.has(FRA_UID_RANGE)) {
		nla_get_kuid_range(tb, nlrule.uid_range);
		if (
			!uid_range_set(nlrule.uid_range) ||
			nlrule.uid_range.start > nlrule.uid_range.end
		) {
			NL_SET_ERR_MSG(extack, 'Invalid uid range');
			return -EINVAL;
		}
	}
	nlrule.ip_proto = nla_get_u8(tb, FRA_IP_PROTO) ?? 0;
	if (
		tb.has(FRA_SPORT_RANGE) &&
		nla_get_port_range(tb, FRA_SPORT_RANGE, nlrule.sport_range) !== 0
	) {
		NL_SET_ERR_MSG(extack, 'Invalid sport range');
		return -EINVAL;
	}
	if (
		tb.has(FRA_DPORT_RANGE) &&
		nla_get_port_range(tb, FRA_DPORT_RANGE, nlrule.dport_range) !== 0
	) {
		NL_SET_ERR_MSG(extack, 'Invalid dport range');
		return -EINVAL;
	}
	out.rule = nlrule;
	return 0;
}

/**
 * Is the same rule there already?
 * @kernel net/core/fib_rules.c:686 (v5.10)
 */
function rule_exists(ops: fib_rules_ops, frh: fib_rule_hdr_msg, rule: fib_rule): boolean {
	for (const r of ops.rules_list) {
		if (r.action !== rule.action) continue;
		if (r.table !== rule.table) continue;
		if (r.pref !== rule.pref) continue;
		if (r.iifname !== rule.iifname) continue;
		if (r.oifname !== rule.oifname) continue;
		if (r.mark !== rule.mark) continue;
		if (r.suppress_ifgroup !== rule.suppress_ifgroup) continue;
		if (r.suppress_prefixlen !== rule.suppress_prefixlen) continue;
		if (r.mark_mask !== rule.mark_mask) continue;
		if (r.tun_id !== rule.tun_id) continue;
		if (r.fr_net !== rule.fr_net) continue;
		if (r.l3mdev !== rule.l3mdev) continue;
		if (
			r.uid_range.start !== rule.uid_range.start ||
			r.uid_range.end !== rule.uid_range.end
		)
			continue;
		if (r.ip_proto !== rule.ip_proto) continue;
		if (r.proto !== rule.proto) continue;
		if (!fib_rule_port_range_compare(r.sport_range, rule.sport_range)) continue;
		if (!fib_rule_port_range_compare(r.dport_range, rule.dport_range)) continue;
		if (!ops.compare(r, frh)) continue;
		return true;
	}
	return false;
}

/**
 * RTM_NEWRULE.
 * @returns 0, -EAFNOSUPPORT, -EINVAL, -EEXIST, or the family's errno
 * @kernel net/core/fib_rules.c:753 (v5.10)
 */
export function fib_nl_newrule(
	net: net,
	nlh: nlmsg,
	extack: netlink_ext_ack | null,
): number {
	if (!(nlh instanceof fib_rule_hdr_msg)) {
		NL_SET_ERR_MSG(extack, 'Invalid msg length');
		return -EINVAL;
	}
	const ops = lookup_rules_ops(net, nlh.family);
	if (ops === null) {
		NL_SET_ERR_MSG(extack, 'Rule family not supported');
		return -EAFNOSUPPORT;
	}
	const out = new nl2rule();
	let err = fib_nl2rule(net, nlh, extack, ops, out);
	if (err !== 0) return err;
	const rule = out.rule!;
	if ((nlh.flags & NLM_F_EXCL) !== 0 && rule_exists(ops, nlh, rule)) return -EEXIST;
	err = ops.configure(rule, nlh, extack);
	if (err < 0) return err;
	ops.fib_rules_seq++;

	rule.ctarget = ops.rules_list.find((r) => r.pref === rule.target) ?? null;
	const unresolved = rule.ctarget === null;
	let at = ops.rules_list.findIndex((r) => r.pref > rule.pref);
	if (at < 0) at = ops.rules_list.length;
	ops.rules_list.splice(at, 0, rule);

	if (ops.unresolved_rules !== 0) {
		for (const r of ops.rules_list) {
			if (r.action === FR_ACT_GOTO && r.target === rule.pref && r.ctarget === null) {
				r.ctarget = rule;
				if (--ops.unresolved_rules === 0) break;
			}
		}
	}
	if (rule.action === FR_ACT_GOTO) ops.nr_goto_rules++;
	if (unresolved) ops.unresolved_rules++;
	notify_rule_change(RTM_NEWRULE, rule, ops);
	flush_route_cache(ops);
	return 0;
}

/**
 * RTM_DELRULE.
 * @returns 0, -EAFNOSUPPORT, -EINVAL, -ENOENT, -EPERM for a permanent rule, or the family's errno
 * @kernel net/core/fib_rules.c:861 (v5.10)
 */
export function fib_nl_delrule(
	net: net,
	nlh: nlmsg,
	extack: netlink_ext_ack | null,
): number {
	if (!(nlh instanceof fib_rule_hdr_msg)) {
		NL_SET_ERR_MSG(extack, 'Invalid msg length');
		return -EINVAL;
	}
	const ops = lookup_rules_ops(net, nlh.family);
	if (ops === null) {
		NL_SET_ERR_MSG(extack, 'Rule family not supported');
		return -EAFNOSUPPORT;
	}
	const out = new nl2rule();
	let err = fib_nl2rule(net, nlh, extack, ops, out);
	if (err !== 0) return err;
	const rule = rule_find(ops, nlh, out.rule!, out.user_priority);
	if (rule === null) return -ENOENT;
	if ((rule.flags & FIB_RULE_PERMANENT) !== 0) return -EPERM;
	if (ops.delete !== undefined) {
		err = ops.delete(rule);
		if (err !== 0) return err;
	}
	const i = ops.rules_list.indexOf(rule);
	const next = i + 1 < ops.rules_list.length ? ops.rules_list[i + 1] : null;
	ops.rules_list.splice(i, 1);
	if (rule.action === FR_ACT_GOTO) {
		ops.nr_goto_rules--;
		if (rule.ctarget === null) ops.unresolved_rules--;
	}
	if (ops.nr_goto_rules > 0) {
		const n = next !== null && next.pref === rule.pref ? next : null;
		for (const r of ops.rules_list) {
			if (r.ctarget !== rule) continue;
			r.ctarget = n;
			if (n === null) ops.unresolved_rules++;
		}
	}
	ops.fib_rules_seq++;
	notify_rule_change(RTM_DELRULE, rule, ops);
	fib_rule_put(rule);
	flush_route_cache(ops);
	return 0;
}

/**
 * Describes a rule in a message.
 * @param type RTM_NEWRULE or RTM_DELRULE
 * @param flags NLM_F_*
 * @kernel net/core/fib_rules.c:987 (v5.10)
 */
function fib_nl_fill_rule(
	rule: fib_rule,
	type: number,
	flags: number,
	ops: fib_rules_ops,
): fib_rule_hdr_msg {
	const frh = new fib_rule_hdr_msg(type, flags);
	const tb = frh.tb;
	frh.family = ops.family;
	frh.table = rule.table < 256 ? rule.table : RT_TABLE_COMPAT;
	nla_put_u32(tb, FRA_TABLE, rule.table);
	nla_put_u32(tb, FRA_SUPPRESS_PREFIXLEN, rule.suppress_prefixlen);
	frh.action = rule.action;
	frh.rule_flags = rule.flags;
	nla_put_u8(tb, FRA_PROTOCOL, rule.proto);
	if (rule.action === FR_ACT_GOTO && rule.ctarget === null)
		frh.rule_flags |= FIB_RULE_UNRESOLVED;
	if (rule.iifname !== '') {
		nla_put_string(tb, FRA_IIFNAME, rule.iifname);
		if (rule.iifindex === -1) frh.rule_flags |= FIB_RULE_IIF_DETACHED;
	}
	if (rule.oifname !== '') {
		nla_put_string(tb, FRA_OIFNAME, rule.oifname);
		if (rule.oifindex === -1) frh.rule_flags |= FIB_RULE_OIF_DETACHED;
	}
	if (rule.pref !== 0) nla_put_u32(tb, FRA_PRIORITY, rule.pref);
	if (rule.mark !== 0) nla_put_u32(tb, FRA_FWMARK, rule.mark);
	if (rule.mark_mask !== 0 || rule.mark !== 0) nla_put_u32(tb, FRA_FWMASK, rule.mark_mask);
	if (rule.target !== 0) nla_put_u32(tb, FRA_GOTO, rule.target);
	if (rule.tun_id !== 0) nla_put_u64_64bit(tb, FRA_TUN_ID, rule.tun_id);
	if (rule.l3mdev !== 0) nla_put_u8(tb, FRA_L3MDEV, rule.l3mdev);
	if (uid_range_set(rule.uid_range)) nla_put_uid_range(tb, rule.uid_range);
	if (fib_rule_port_range_set(rule.sport_range))
		nla_put_port_range(tb, FRA_SPORT_RANGE, rule.sport_range);
	if (fib_rule_port_range_set(rule.dport_range))
		nla_put_port_range(tb, FRA_DPORT_RANGE, rule.dport_range);
	if (rule.ip_proto !== 0) nla_put_u8(tb, FRA_IP_PROTO, rule.ip_proto);
	if (rule.suppress_ifgroup !== -1) nla_put_u32(tb, FRA_SUPPRESS_IFGROUP, rule.suppress_ifgroup);
	ops.fill(rule, frh);
	return frh;
}

/**
 * Dumps the rules of a family.
 * @kernel net/core/fib_rules.c:1068 (v5.10)
 */
function dump_rules(out: nlmsg[], ops: fib_rules_ops): void {
	for (const rule of ops.rules_list) out.push(fib_nl_fill_rule(rule, RTM_NEWRULE, NLM_F_MULTI, ops));
}

/**
 * Checks a request for a dump of rules.
 * @returns 0 or -EINVAL
 * @kernel net/core/fib_rules.c:1095 (v5.10)
 */
function fib_valid_dumprule_req(nlh: nlmsg, extack: netlink_ext_ack | null): number {
	if (!(nlh instanceof fib_rule_hdr_msg)) {
		NL_SET_ERR_MSG(extack, 'Invalid header for fib rule dump request');
		return -EINVAL;
	}
	if (
		nlh.dst_len !== 0 ||
		nlh.src_len !== 0 ||
		nlh.tos !== 0 ||
		nlh.table !== 0 ||
		nlh.action !== 0 ||
		nlh.rule_flags !== 0
	) {
		NL_SET_ERR_MSG(extack, 'Invalid values in header for fib rule dump request');
		return -EINVAL;
	}
	if (nlh.tb.size !== 0) {
		NL_SET_ERR_MSG(extack, 'Invalid data after header in fib rule dump request');
		return -EINVAL;
	}
	return 0;
}

/**
 * RTM_GETRULE with NLM_F_DUMP.
 * @returns 0, -EINVAL, -EAFNOSUPPORT
 * @kernel net/core/fib_rules.c:1121 (v5.10)
 */
function fib_nl_dumprule(
	net: net,
	nlh: nlmsg,
	out: nlmsg[],
	extack: netlink_ext_ack | null,
): number {
	const err = fib_valid_dumprule_req(nlh, extack);
	if (err < 0) return err;
	const family = rtnl_msg_family(nlh);
	if (family !== AF_UNSPEC) {
		const ops = lookup_rules_ops(net, family);
		if (ops === null) return -EAFNOSUPPORT;
		dump_rules(out, ops);
		return 0;
	}
	for (const ops of net.rules_ops) dump_rules(out, ops);
	return 0;
}

/**
 * Tells listeners about a rule.
 * @param event RTM_NEWRULE or RTM_DELRULE
 * @kernel net/core/fib_rules.c:1165 (v5.10)
 */
function notify_rule_change(event: number, rule: fib_rule, ops: fib_rules_ops): void {
	if (rtnl_has_listeners(ops.fro_net, ops.nlgroup))
		rtnl_notify(ops.fro_net, ops.nlgroup, fib_nl_fill_rule(rule, event, 0, ops));
}

/**
 * Binds rules that name a device to it.
 * @kernel net/core/fib_rules.c:1193 (v5.10)
 */
function attach_rules(rules: readonly fib_rule[], dev: net_device): void {
	for (const rule of rules) {
		if (rule.iifindex === -1 && dev.name === rule.iifname) rule.iifindex = dev.ifindex;
		if (rule.oifindex === -1 && dev.name === rule.oifname) rule.oifindex = dev.ifindex;
	}
}

/**
 * Unbinds rules from a device.
 * @kernel net/core/fib_rules.c:1207 (v5.10)
 */
function detach_rules(rules: readonly fib_rule[], dev: net_device): void {
	for (const rule of rules) {
		if (rule.iifindex === dev.ifindex) rule.iifindex = -1;
		if (rule.oifindex === dev.ifindex) rule.oifindex = -1;
	}
}

/**
 * A device comes, goes or gets another name.
 * @returns NOTIFY_DONE
 * @kernel net/core/fib_rules.c:1220 (v5.10)
 */
function fib_rules_event(event: number, info: netdev_notifier_info): number {
	const dev = netdev_notifier_info_to_dev(info);
	const rules_ops = dev_net(dev).rules_ops;
	switch (event) {
		case NETDEV_REGISTER:
			for (const ops of rules_ops) attach_rules(ops.rules_list, dev);
			break;
		case NETDEV_CHANGENAME:
			for (const ops of rules_ops) {
				detach_rules(ops.rules_list, dev);
				attach_rules(ops.rules_list, dev);
			}
			break;
		case NETDEV_UNREGISTER:
			for (const ops of rules_ops) detach_rules(ops.rules_list, dev);
			break;
		default:
			break;
	}
	return NOTIFY_DONE;
}

/**
 * Warns of rules left in a namespace that goes.
 * @kernel net/core/fib_rules.c:1262 (v5.10)
 */
function fib_rules_net_exit(net: net): void {
	if (net.rules_ops.length !== 0)
		net.machine.record('WARN', 'fib_rules_net_exit', 'rules left in the namespace');
}

/**
 * Registers the netlink handlers and the device listener.
 * @returns 0
 * @kernel net/core/fib_rules.c:1272 (v5.10)
 */
export function fib_rules_init(m: Machine): number {
	rtnl_register(m, PF_UNSPEC, RTM_NEWRULE, fib_nl_newrule, null);
	rtnl_register(m, PF_UNSPEC, RTM_DELRULE, fib_nl_delrule, null);
	rtnl_register(m, PF_UNSPEC, RTM_GETRULE, null, fib_nl_dumprule);
	register_pernet_subsys(m, { exit: fib_rules_net_exit });
	register_netdevice_notifier(m, { notifier_call: fib_rules_event, priority: 0 });
	return 0;
}
