/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/fib_rules.h, base v5.10: policy routing rules, as far as the families share them.
 *
 * PORT: a family's own rule is a subclass of fib_rule; ops are one object a namespace and family.
 * Not ported: notifiers for hardware; rule and message sizes, which a message of objects has not.
 */
import type { netlink_ext_ack } from '../linux/netlink.ts';
import type { __be16, u16, u32, u8 } from '../linux/types.ts';
import { ntohs } from '../linux/byteorder/generic.ts';
import type { fib_rule_hdr_msg } from '../uapi/linux/rtnetlink.ts';
import { FRA_TABLE } from '../uapi/linux/fib_rules.ts';
import type { flowi } from './flow.ts';
import { LOOPBACK_IFINDEX, type net } from './net_namespace.ts';
import { nla_get_u32 } from './netlink.ts';

/** Range of user ids. */
export class fib_kuid_range {
	start = 0;
	end = 0xffffffff;
}

/** Range of ports, host order, both ends included; 0-0 for none. */
export class fib_rule_port_range {
	start: u16 = 0;
	end: u16 = 0;
}

/** A rule. */
export class fib_rule {
	iifindex = 0;
	oifindex = 0;
	mark: u32 = 0;
	mark_mask: u32 = 0;
	/** FIB_RULE_* */
	flags: u32 = 0;
	table: u32 = 0;
	/** FR_ACT_* */
	action: u8 = 0;
	l3mdev: u8 = 0;
	/** RTPROT_* */
	proto: u8 = 0;
	ip_proto: u8 = 0;
	/** Preference of the rule to go to. */
	target: u32 = 0;
	tun_id = 0;
	ctarget: fib_rule | null = null;
	fr_net: net;
	refcnt = 1;
	pref: u32 = 0;
	suppress_ifgroup = -1;
	suppress_prefixlen = -1;
	iifname = '';
	oifname = '';
	readonly uid_range = new fib_kuid_range();
	readonly sport_range = new fib_rule_port_range();
	readonly dport_range = new fib_rule_port_range();

	constructor(net: net) {
		this.fr_net = net;
	}
}

export const FIB_LOOKUP_NOREF = 1;
export const FIB_LOOKUP_IGNORE_LINKSTATE = 2;

/** What a lookup through the rules carries along. */
export class fib_lookup_arg {
	lookup_ptr: unknown = null;
	lookup_data: unknown = null;
	/** fib_result or fib6_result. */
	result: unknown = null;
	rule: fib_rule | null = null;
	table: u32 = 0;
	flags = 0;
}

/** What a family does with its rules, and the rules themselves. */
export interface fib_rules_ops {
	family: number;
	/** Bits of an address: 32 or 128. */
	addr_bits: number;
	unresolved_rules: number;
	nr_goto_rules: number;
	fib_rules_seq: number;
	/** Makes an empty rule of the family. */
	alloc: (net: net) => fib_rule;
	/** 0 when found, -EAGAIN to go on, else -errno. */
	action: (rule: fib_rule, fl: flowi, flags: number, arg: fib_lookup_arg) => number;
	suppress?: (rule: fib_rule, arg: fib_lookup_arg) => boolean;
	match: (rule: fib_rule, fl: flowi, flags: number) => boolean;
	configure: (
		rule: fib_rule,
		frh: fib_rule_hdr_msg,
		extack: netlink_ext_ack | null,
	) => number;
	delete?: (rule: fib_rule) => number;
	compare: (rule: fib_rule, frh: fib_rule_hdr_msg) => boolean;
	fill: (rule: fib_rule, frh: fib_rule_hdr_msg) => number;
	flush_cache?: (ops: fib_rules_ops) => void;
	/** RTNLGRP_* */
	nlgroup: number;
	/** Ascending preference. */
	rules_list: fib_rule[];
	fro_net: net;
}

/**
 * Takes a reference on a rule.
 * @kernel include/net/fib_rules.h:126 (v5.10)
 */
export function fib_rule_get(rule: fib_rule): void {
	rule.refcnt++;
}

/**
 * Drops a reference on a rule.
 * @kernel include/net/fib_rules.h:131 (v5.10)
 */
export function fib_rule_put(rule: fib_rule): void {
	rule.refcnt--;
}

/**
 * Table a rule sends to: its own, or that of the VRF found.
 * @kernel include/net/fib_rules.h:138 (v5.10)
 */
export function fib_rule_get_table(rule: fib_rule, arg: fib_lookup_arg): u32 {
	return rule.l3mdev !== 0 ? arg.table : rule.table;
}

/**
 * Table number in a request.
 * @kernel include/net/fib_rules.h:151 (v5.10)
 */
export function frh_get_table(frh: fib_rule_hdr_msg): u32 {
	return nla_get_u32(frh.tb, FRA_TABLE) ?? frh.table;
}

/**
 * Tells whether a range restricts anything.
 * @kernel include/net/fib_rules.h:158 (v5.10)
 */
export function fib_rule_port_range_set(range: fib_rule_port_range): boolean {
	return range.start !== 0 && range.end !== 0;
}

/**
 * Tells whether a port lies in a range.
 * @param port network order
 * @kernel include/net/fib_rules.h:163 (v5.10)
 */
export function fib_rule_port_inrange(a: fib_rule_port_range, port: __be16): boolean {
	return ntohs(port) >= a.start && ntohs(port) <= a.end;
}

/**
 * Tells whether a user's range makes sense.
 * @kernel include/net/fib_rules.h:170 (v5.10)
 */
export function fib_rule_port_range_valid(a: fib_rule_port_range): boolean {
	return a.start !== 0 && a.end !== 0 && a.end < 0xffff && a.start <= a.end;
}

/**
 * Tells whether two ranges are one.
 * @kernel include/net/fib_rules.h:176 (v5.10)
 */
export function fib_rule_port_range_compare(
	a: fib_rule_port_range,
	b: fib_rule_port_range,
): boolean {
	return a.start === b.start && a.end === b.end;
}

/**
 * Tells whether a rule needs the packet's ports on input.
 * @kernel include/net/fib_rules.h:183 (v5.10)
 */
export function fib_rule_requires_fldissect(rule: fib_rule): boolean {
	return (
		rule.iifindex !== LOOPBACK_IFINDEX &&
		(rule.ip_proto !== 0 ||
			fib_rule_port_range_set(rule.sport_range) ||
			fib_rule_port_range_set(rule.dport_range))
	);
}
