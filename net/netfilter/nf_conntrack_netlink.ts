// SPDX-License-Identifier: GPL-2.0
/*
 * net/netfilter/nf_conntrack_netlink.c, base v5.10: connections as netlink messages: what `conntrack` asks.
 *
 * Messages are nfnl_msg of subsystem NFNL_SUBSYS_CTNETLINK (include/net/netlink.ts says how values look).
 * GET with NLM_F_DUMP lists, DELETE without a tuple flushes, NEW makes or changes. Offloaded connections
 * have no timeout and no protocol state in the answers, are not flushed, and -EBUSY when deleted.
 *
 * Not ported: events and the notifier (no listener), expectations and helpers, the glue for queues to user
 * space, security contexts, time stamps, sequence adjustment, synproxy.
 */
import type { net } from '../../include/net/net_namespace.ts';
import { net_eq } from '../../include/net/net_namespace.ts';
import { HZ, type Machine } from '../../include/linux/machine.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import type { hlist_nulls_head } from '../../include/linux/list_nulls.ts';
import {
	NLA_BINARY,
	NLA_NESTED,
	NLA_U16,
	NLA_U32,
	type nfnetlink_subsystem,
	type nfnl_callback,
	type nla_policy,
} from '../../include/linux/netfilter/nfnetlink.ts';
import { nf_conntrack_get } from '../../include/linux/netfilter/nf_conntrack_common.ts';
import {
	NF_CT_DEFAULT_ZONE_DIR,
	NF_CT_DEFAULT_ZONE_ID,
	NF_CT_ZONE_DIR_ORIG,
	NF_CT_ZONE_DIR_REPL,
	nf_conntrack_zone,
} from '../../include/linux/netfilter/nf_conntrack_zones_common.ts';
import {
	nfnl_msg,
	nla_data,
	nla_get_u16,
	nla_get_u32,
	nla_get_u8,
	nla_nest_start,
	nla_parse_nested,
	nla_put,
	nla_put_u16,
	nla_put_u32,
	nla_put_u64_64bit,
	nla_put_u8,
	NLM_F_CREATE,
	NLM_F_DUMP,
	NLM_F_DUMP_FILTERED,
	NLM_F_EXCL,
	NLM_F_MULTI,
	type netlink_ext_ack,
	type nlattrs,
} from '../../include/net/netlink.ts';
import { AF_UNSPEC } from '../../include/linux/socket.ts';
import {
	IPPROTO_ICMP,
	IPPROTO_ICMPV6,
	IPPROTO_TCP,
	IPPROTO_UDP,
} from '../../include/uapi/linux/in.ts';
import {
	EBUSY,
	EEXIST,
	EINVAL,
	ENOENT,
	ENOMEM,
	EOPNOTSUPP,
	ETIME,
} from '../../include/uapi/linux/errno.ts';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../include/uapi/linux/netfilter.ts';
import { NFNL_SUBSYS_CTNETLINK } from '../../include/uapi/linux/netfilter/nfnetlink.ts';
import {
	IPS_ASSURED,
	IPS_CONFIRMED,
	IPS_DYING,
	IPS_EXPECTED,
	IPS_OFFLOAD,
	IPS_SEEN_REPLY,
	IPS_UNCHANGEABLE_MASK,
} from '../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import {
	IP_CT_DIR_ORIGINAL,
	IP_CT_DIR_REPLY,
} from '../../include/uapi/linux/netfilter/nf_conntrack_tuple_common.ts';
import {
	CTA_COUNTERS_BYTES,
	CTA_COUNTERS_ORIG,
	CTA_COUNTERS_PACKETS,
	CTA_COUNTERS_REPLY,
	CTA_FILTER,
	CTA_FILTER_ORIG_FLAGS,
	CTA_FILTER_REPLY_FLAGS,
	CTA_HELP,
	CTA_ID,
	CTA_IP_V4_DST,
	CTA_IP_V4_SRC,
	CTA_IP_V6_DST,
	CTA_IP_V6_SRC,
	CTA_LABELS,
	CTA_LABELS_MASK,
	CTA_MARK,
	CTA_MARK_MASK,
	CTA_MAX,
	CTA_NAT_DST,
	CTA_NAT_SRC,
	CTA_PROTO_NUM,
	CTA_PROTOINFO,
	CTA_STATS_CLASH_RESOLVE,
	CTA_STATS_DROP,
	CTA_STATS_EARLY_DROP,
	CTA_STATS_ERROR,
	CTA_STATS_FOUND,
	CTA_STATS_GLOBAL_ENTRIES,
	CTA_STATS_GLOBAL_MAX_ENTRIES,
	CTA_STATS_INSERT,
	CTA_STATS_INSERT_FAILED,
	CTA_STATS_INVALID,
	CTA_STATS_SEARCH_RESTART,
	CTA_STATUS,
	CTA_TIMEOUT,
	CTA_TUPLE_IP,
	CTA_TUPLE_MASTER,
	CTA_TUPLE_ORIG,
	CTA_TUPLE_PROTO,
	CTA_TUPLE_REPLY,
	CTA_TUPLE_ZONE,
	CTA_USE,
	CTA_ZONE,
	IPCTNL_MSG_CT_DELETE,
	IPCTNL_MSG_CT_GET,
	IPCTNL_MSG_CT_GET_CTRZERO,
	IPCTNL_MSG_CT_GET_DYING,
	IPCTNL_MSG_CT_GET_STATS,
	IPCTNL_MSG_CT_GET_STATS_CPU,
	IPCTNL_MSG_CT_GET_UNCONFIRMED,
	IPCTNL_MSG_CT_NEW,
	IPCTNL_MSG_MAX,
} from '../../include/uapi/linux/netfilter/nfnetlink_conntrack.ts';
import {
	NF_CT_DIRECTION,
	nf_conntrack_tuple,
	type nf_conntrack_tuple_hash,
} from '../../include/net/netfilter/nf_conntrack_tuple.ts';
import {
	nf_ct_expires,
	nf_ct_is_expired,
	nf_ct_l3num,
	nf_ct_net,
	nf_ct_protonum,
	nf_ct_put,
	nf_ct_should_gc,
	nf_ct_tuple,
	nf_ct_tuplehash_to_ctrack,
	nfct_time_stamp,
	type nf_conn,
} from '../../include/net/netfilter/nf_conntrack.ts';
import {
	nf_conn_acct_find,
	nf_ct_acct_ext_add,
	type nf_conn_acct,
} from '../../include/net/netfilter/nf_conntrack_acct.ts';
import {
	NF_CT_LABELS_MAX_SIZE,
	nf_ct_labels_ext_add,
	nf_ct_labels_find,
} from '../../include/net/netfilter/nf_conntrack_labels.ts';
import type { nf_conntrack_l4proto } from '../../include/net/netfilter/nf_conntrack_l4proto.ts';
import { nf_ct_zone, nf_ct_zone_init } from '../../include/net/netfilter/nf_conntrack_zones.ts';
import { NF_NAT_MANIP_DST, NF_NAT_MANIP_SRC } from '../../include/net/netfilter/nf_nat.ts';
import { netfilter_hooks } from './core.ts';
import {
	nf_conntrack_alloc,
	nf_conntrack_find_get,
	nf_conntrack_free,
	nf_conntrack_hash_check_insert,
	nf_conntrack_vars,
	nf_ct_delete,
	nf_ct_get_id,
	nf_ct_iterate_cleanup_net,
	nf_ct_kill,
} from './nf_conntrack_core.ts';
import { nf_connlabels_replace } from './nf_conntrack_labels.ts';
import { nf_ct_l4proto_find } from './nf_conntrack_proto.ts';
import {
	CTA_FILTER_F_ALL,
	CTA_FILTER_F_CTA_IP_DST,
	CTA_FILTER_F_CTA_IP_SRC,
	CTA_FILTER_F_CTA_PROTO_DST_PORT,
	CTA_FILTER_F_CTA_PROTO_ICMP_CODE,
	CTA_FILTER_F_CTA_PROTO_ICMP_ID,
	CTA_FILTER_F_CTA_PROTO_ICMP_TYPE,
	CTA_FILTER_F_CTA_PROTO_ICMPV6_CODE,
	CTA_FILTER_F_CTA_PROTO_ICMPV6_ID,
	CTA_FILTER_F_CTA_PROTO_ICMPV6_TYPE,
	CTA_FILTER_F_CTA_PROTO_NUM,
	CTA_FILTER_F_CTA_PROTO_SRC_PORT,
	CTA_FILTER_F_CTA_TUPLE_ZONE,
} from './nf_internals.ts';
import { nfnetlink_subsys_register } from './nfnetlink.ts';

const INT_MAX = 0x7fffffff;

/**
 * Type of a message of this subsystem.
 * @kernel PORT: nfnl_msg_type of include/linux/netfilter/nfnetlink.h
 */
function ctnl_msg_type(msg: number): number {
	return (NFNL_SUBSYS_CTNETLINK << 8) | msg;
}

/**
 * Writes the protocol part of a tuple.
 * @kernel net/netfilter/nf_conntrack_netlink.c:61 (v5.10)
 */
function ctnetlink_dump_tuples_proto(
	tb: nlattrs,
	tuple: nf_conntrack_tuple,
	l4proto: nf_conntrack_l4proto,
): void {
	const nest_parms = nla_nest_start(tb, CTA_TUPLE_PROTO);
	nla_put_u8(nest_parms, CTA_PROTO_NUM, tuple.dst_protonum);
	l4proto.tuple_to_nlattr?.(nest_parms, tuple);
}

/**
 * Writes IPv4 addresses of a tuple.
 * @kernel net/netfilter/nf_conntrack_netlink.c:85 (v5.10)
 */
function ipv4_tuple_to_nlattr(tb: nlattrs, tuple: nf_conntrack_tuple): void {
	nla_put_u32(tb, CTA_IP_V4_SRC, tuple.src_u3_ip);
	nla_put_u32(tb, CTA_IP_V4_DST, tuple.dst_u3_ip);
}

/**
 * Writes IPv6 addresses of a tuple.
 * @kernel net/netfilter/nf_conntrack_netlink.c:94 (v5.10)
 */
function ipv6_tuple_to_nlattr(tb: nlattrs, tuple: nf_conntrack_tuple): void {
	nla_put(tb, CTA_IP_V6_SRC, tuple.src_u3_in6(new Uint8Array(16)));
	nla_put(tb, CTA_IP_V6_DST, tuple.dst_u3_in6(new Uint8Array(16)));
}

/**
 * Writes the addresses of a tuple.
 * @kernel net/netfilter/nf_conntrack_netlink.c:103 (v5.10)
 */
function ctnetlink_dump_tuples_ip(tb: nlattrs, tuple: nf_conntrack_tuple): void {
	const nest_parms = nla_nest_start(tb, CTA_TUPLE_IP);
	switch (tuple.src_l3num) {
		case NFPROTO_IPV4:
			ipv4_tuple_to_nlattr(nest_parms, tuple);
			break;
		case NFPROTO_IPV6:
			ipv6_tuple_to_nlattr(nest_parms, tuple);
			break;
	}
}

/**
 * Writes a tuple.
 * @kernel net/netfilter/nf_conntrack_netlink.c:130 (v5.10)
 */
function ctnetlink_dump_tuples(tb: nlattrs, tuple: nf_conntrack_tuple): void {
	ctnetlink_dump_tuples_ip(tb, tuple);
	ctnetlink_dump_tuples_proto(tb, tuple, nf_ct_l4proto_find(tuple.dst_protonum));
}

/**
 * Writes a zone that holds for just these directions.
 * @param dir NF_CT_ZONE_DIR_*
 * @kernel net/netfilter/nf_conntrack_netlink.c:147 (v5.10)
 */
function ctnetlink_dump_zone_id(
	tb: nlattrs,
	attrtype: number,
	zone: Readonly<nf_conntrack_zone>,
	dir: number,
): void {
	if (zone.id === NF_CT_DEFAULT_ZONE_ID || zone.dir !== dir) return;
	nla_put_u16(tb, attrtype, zone.id);
}

/**
 * Writes the private part of a connection.
 * @kernel net/netfilter/nf_conntrack_netlink.c:182 (v5.10)
 */
function ctnetlink_dump_protoinfo(tb: nlattrs, ct: nf_conn): void {
	const l4proto = nf_ct_l4proto_find(nf_ct_protonum(ct));
	if (l4proto.to_nlattr === null) return;
	l4proto.to_nlattr(nla_nest_start(tb, CTA_PROTOINFO), ct);
}

/**
 * Writes the counters of a direction, and zeroes them when that was asked.
 * @param type IPCTNL_MSG_CT_GET or IPCTNL_MSG_CT_GET_CTRZERO
 * @kernel net/netfilter/nf_conntrack_netlink.c:238 (v5.10)
 */
function dump_counters(tb: nlattrs, acct: nf_conn_acct, dir: 0 | 1, type: number): void {
	const counter = acct.counter[dir];
	const nest_count = nla_nest_start(
		tb,
		dir === IP_CT_DIR_REPLY ? CTA_COUNTERS_REPLY : CTA_COUNTERS_ORIG,
	);
	nla_put_u64_64bit(nest_count, CTA_COUNTERS_PACKETS, counter.packets);
	nla_put_u64_64bit(nest_count, CTA_COUNTERS_BYTES, counter.bytes);
	if (type === IPCTNL_MSG_CT_GET_CTRZERO) {
		counter.packets = 0;
		counter.bytes = 0;
	}
}

/**
 * Writes the counters of a connection that counts.
 * @kernel net/netfilter/nf_conntrack_netlink.c:273 (v5.10)
 */
function ctnetlink_dump_acct(tb: nlattrs, ct: nf_conn, type: number): void {
	const acct = nf_conn_acct_find(ct);
	if (acct === null) return;
	dump_counters(tb, acct, IP_CT_DIR_ORIGINAL, type);
	dump_counters(tb, acct, IP_CT_DIR_REPLY, type);
}

/**
 * Writes labels, if any is set.
 * @kernel net/netfilter/nf_conntrack_netlink.c:370 (v5.10)
 */
function ctnetlink_dump_labels(tb: nlattrs, ct: nf_conn): void {
	const labels = nf_ct_labels_find(ct);
	if (labels === null || labels.bits.every((w) => w === 0)) return;
	const data = new Uint8Array(NF_CT_LABELS_MAX_SIZE);
	for (let i = 0; i < data.length; i++) data[i] = labels.bits[i >> 2] >>> ((i & 3) * 8);
	nla_put(tb, CTA_LABELS, data);
}

/**
 * Writes the tuple of the connection that this one was expected by.
 * @kernel net/netfilter/nf_conntrack_netlink.c:395 (v5.10)
 */
function ctnetlink_dump_master(tb: nlattrs, ct: nf_conn): void {
	if ((ct.status & IPS_EXPECTED) === 0 || ct.master === null) return;
	ctnetlink_dump_tuples(
		nla_nest_start(tb, CTA_TUPLE_MASTER),
		nf_ct_tuple(ct.master, IP_CT_DIR_ORIGINAL),
	);
}

/**
 * Writes the optional parts.
 * @kernel net/netfilter/nf_conntrack_netlink.c:515 (v5.10)
 */
function ctnetlink_dump_extinfo(tb: nlattrs, ct: nf_conn, type: number): void {
	ctnetlink_dump_acct(tb, ct, type);
	ctnetlink_dump_labels(tb, ct);
}

/**
 * Writes state, mark, id, references and, unless the flow table has it, timeout and private part.
 * @kernel net/netfilter/nf_conntrack_netlink.c:529 (v5.10)
 */
function ctnetlink_dump_info(tb: nlattrs, ct: nf_conn): void {
	nla_put_u32(tb, CTA_STATUS, ct.status);
	nla_put_u32(tb, CTA_MARK, ct.mark);
	nla_put_u32(tb, CTA_ID, nf_ct_get_id(ct));
	nla_put_u32(tb, CTA_USE, ct.ct_general_use);
	ctnetlink_dump_master(tb, ct);
	if ((ct.status & IPS_OFFLOAD) === 0) {
		nla_put_u32(tb, CTA_TIMEOUT, Math.trunc(nf_ct_expires(ct) / HZ));
		ctnetlink_dump_protoinfo(tb, ct);
	}
}

/**
 * Makes the message of a connection.
 * @param type IPCTNL_MSG_CT_*: what was asked
 * @param extinfo whether with the optional parts
 * @param flags NLM_F_*
 * @kernel net/netfilter/nf_conntrack_netlink.c:548 (v5.10)
 */
function ctnetlink_fill_info(type: number, ct: nf_conn, extinfo: boolean, flags: number): nfnl_msg {
	const msg = new nfnl_msg(ctnl_msg_type(IPCTNL_MSG_CT_NEW), flags, nf_ct_l3num(ct));
	const { tb } = msg;
	const zone = nf_ct_zone(ct);

	let nest_parms = nla_nest_start(tb, CTA_TUPLE_ORIG);
	ctnetlink_dump_tuples(nest_parms, nf_ct_tuple(ct, IP_CT_DIR_ORIGINAL));
	ctnetlink_dump_zone_id(nest_parms, CTA_TUPLE_ZONE, zone, NF_CT_ZONE_DIR_ORIG);

	nest_parms = nla_nest_start(tb, CTA_TUPLE_REPLY);
	ctnetlink_dump_tuples(nest_parms, nf_ct_tuple(ct, IP_CT_DIR_REPLY));
	ctnetlink_dump_zone_id(nest_parms, CTA_TUPLE_ZONE, zone, NF_CT_ZONE_DIR_REPL);

	ctnetlink_dump_zone_id(tb, CTA_ZONE, zone, NF_CT_DEFAULT_ZONE_DIR);

	ctnetlink_dump_info(tb, ct);
	if (extinfo) ctnetlink_dump_extinfo(tb, ct, type);
	return msg;
}

/** Which connections a dump or a flush means. */
class ctnetlink_filter {
	/** 0 for all. */
	family = 0;
	orig_flags = 0;
	reply_flags = 0;
	readonly orig = new nf_conntrack_tuple(null);
	readonly reply = new nf_conntrack_tuple(null);
	readonly zone = new nf_conntrack_zone();
	readonly mark = { val: 0, mask: 0 };
}

/**
 * Reads which parts of the tuples count.
 * @returns 0 or -EOPNOTSUPP
 * @kernel net/netfilter/nf_conntrack_netlink.c:874 (v5.10)
 */
function ctnetlink_parse_filter(attr: nlattrs, filter: ctnetlink_filter): number {
	filter.orig_flags = nla_get_u32(attr, CTA_FILTER_ORIG_FLAGS) ?? 0;
	if ((filter.orig_flags & ~CTA_FILTER_F_ALL) !== 0) return -EOPNOTSUPP;
	filter.reply_flags = nla_get_u32(attr, CTA_FILTER_REPLY_FLAGS) ?? 0;
	if ((filter.reply_flags & ~CTA_FILTER_F_ALL) !== 0) return -EOPNOTSUPP;
	return 0;
}

/**
 * Makes a filter of a request.
 * @returns the filter, -EINVAL, -EOPNOTSUPP
 * @kernel net/netfilter/nf_conntrack_netlink.c:909 (v5.10)
 */
function ctnetlink_alloc_filter(cda: nlattrs, family: number): ctnetlink_filter | number {
	const filter = new ctnetlink_filter();
	filter.family = family;

	const mark = nla_get_u32(cda, CTA_MARK);
	if (mark !== null) {
		filter.mark.val = mark;
		filter.mark.mask = nla_get_u32(cda, CTA_MARK_MASK) ?? 0xffffffff;
	} else if (cda.has(CTA_MARK_MASK)) {
		return -EINVAL;
	}
	const attr = nla_parse_nested(cda, CTA_FILTER);
	if (attr === null) return filter;

	let err = ctnetlink_parse_zone(cda, CTA_ZONE, filter.zone);
	if (err < 0) return err;

	err = ctnetlink_parse_filter(attr, filter);
	if (err < 0) return err;

	if (filter.orig_flags !== 0) {
		err = ctnetlink_parse_tuple_filter(
			cda,
			filter.orig,
			CTA_TUPLE_ORIG,
			filter.family,
			filter.zone,
			filter.orig_flags,
		);
		if (err < 0) return err;
	}
	if (filter.reply_flags !== 0) {
		/* The flags of the other direction, as in C. */
		err = ctnetlink_parse_tuple_filter(
			cda,
			filter.reply,
			CTA_TUPLE_REPLY,
			filter.family,
			filter.zone,
			filter.orig_flags,
		);
		if (err < 0) return -EINVAL;
	}
	return filter;
}

/**
 * Tells whether a request does not mean all connections.
 * @kernel net/netfilter/nf_conntrack_netlink.c:988 (v5.10)
 */
function ctnetlink_needs_filter(family: number, cda: nlattrs): boolean {
	return family !== 0 || cda.has(CTA_MARK) || cda.has(CTA_FILTER);
}

/**
 * Tells whether two tuples have the same source or destination address.
 * @kernel PORT: ipv6_addr_cmp on words
 */
function words_equal(a: nf_conntrack_tuple, b: nf_conntrack_tuple, src: boolean): boolean {
	for (let i = 0; i < 4; i++)
		if (
			src
				? a.src_u3_word(i) !== b.src_u3_word(i)
				: a.dst_u3_word(i) !== b.dst_u3_word(i)
		)
			return false;
	return true;
}

/**
 * Tells whether a tuple is what a filter wants.
 * @param flags CTA_FILTER_F_*
 * @kernel net/netfilter/nf_conntrack_netlink.c:1010 (v5.10)
 */
function ctnetlink_filter_match_tuple(
	filter_tuple: nf_conntrack_tuple,
	ct_tuple: nf_conntrack_tuple,
	flags: number,
	family: number,
): boolean {
	switch (family) {
		case NFPROTO_IPV4:
			if (
				(flags & CTA_FILTER_F_CTA_IP_SRC) !== 0 &&
				filter_tuple.src_u3_ip !== ct_tuple.src_u3_ip
			)
				return false;
			if (
				(flags & CTA_FILTER_F_CTA_IP_DST) !== 0 &&
				filter_tuple.dst_u3_ip !== ct_tuple.dst_u3_ip
			)
				return false;
			break;
		case NFPROTO_IPV6:
			/* The wrong way round, as in C: equal addresses do not match. */
			if (
				(flags & CTA_FILTER_F_CTA_IP_SRC) !== 0 &&
				words_equal(filter_tuple, ct_tuple, true)
			)
				return false;
			if (
				(flags & CTA_FILTER_F_CTA_IP_DST) !== 0 &&
				words_equal(filter_tuple, ct_tuple, false)
			)
				return false;
			break;
	}

	if (
		(flags & CTA_FILTER_F_CTA_PROTO_NUM) !== 0 &&
		filter_tuple.dst_protonum !== ct_tuple.dst_protonum
	)
		return false;

	let type_flag: number;
	let code_flag: number;
	let id_flag: number;
	switch (ct_tuple.dst_protonum) {
		case IPPROTO_TCP:
		case IPPROTO_UDP:
			if (
				(flags & CTA_FILTER_F_CTA_PROTO_SRC_PORT) !== 0 &&
				filter_tuple.src_u_all !== ct_tuple.src_u_all
			)
				return false;
			return (
				(flags & CTA_FILTER_F_CTA_PROTO_DST_PORT) === 0 ||
				filter_tuple.dst_u_all === ct_tuple.dst_u_all
			);
		case IPPROTO_ICMP:
			type_flag = CTA_FILTER_F_CTA_PROTO_ICMP_TYPE;
			code_flag = CTA_FILTER_F_CTA_PROTO_ICMP_CODE;
			id_flag = CTA_FILTER_F_CTA_PROTO_ICMP_ID;
			break;
		case IPPROTO_ICMPV6:
			type_flag = CTA_FILTER_F_CTA_PROTO_ICMPV6_TYPE;
			code_flag = CTA_FILTER_F_CTA_PROTO_ICMPV6_CODE;
			id_flag = CTA_FILTER_F_CTA_PROTO_ICMPV6_ID;
			break;
		default:
			return true;
	}
	if ((flags & type_flag) !== 0 && filter_tuple.dst_u_icmp_type !== ct_tuple.dst_u_icmp_type)
		return false;
	if ((flags & code_flag) !== 0 && filter_tuple.dst_u_icmp_code !== ct_tuple.dst_u_icmp_code)
		return false;
	return (flags & id_flag) === 0 || filter_tuple.src_u_all === ct_tuple.src_u_all;
}

/**
 * Tells whether a connection is what a filter wants.
 * @param filter null: any
 * @kernel net/netfilter/nf_conntrack_netlink.c:1079 (v5.10)
 */
function ctnetlink_filter_match(ct: nf_conn, filter: ctnetlink_filter | null): boolean {
	if (filter === null) return true;
	if (filter.family !== 0 && nf_ct_l3num(ct) !== filter.family) return false;
	if (
		filter.orig_flags !== 0 &&
		!ctnetlink_filter_match_tuple(
			filter.orig,
			nf_ct_tuple(ct, IP_CT_DIR_ORIGINAL),
			filter.orig_flags,
			filter.family,
		)
	)
		return false;
	if (
		filter.reply_flags !== 0 &&
		!ctnetlink_filter_match_tuple(
			filter.reply,
			nf_ct_tuple(ct, IP_CT_DIR_REPLY),
			filter.reply_flags,
			filter.family,
		)
	)
		return false;
	return (ct.mark & filter.mark.mask) >>> 0 === filter.mark.val;
}

/**
 * Lists the connections of a namespace; removes expired ones.
 * @param filter null: all
 * @param type IPCTNL_MSG_CT_GET or IPCTNL_MSG_CT_GET_CTRZERO
 * @kernel net/netfilter/nf_conntrack_netlink.c:1123 (v5.10)
 */
function ctnetlink_dump_table(net: net, filter: ctnetlink_filter | null, type: number): nfnl_msg[] {
	const flags = NLM_F_MULTI | (filter !== null ? NLM_F_DUMP_FILTERED : 0);
	const msgs: nfnl_msg[] = [];
	const nf_ct_evict: nf_conn[] = [];
	for (const head of nf_conntrack_vars.of(net.machine).nf_conntrack_hash) {
		if (head === null) continue;
		for (let h = head.first; h !== null; h = h.hnnode_next) {
			if (NF_CT_DIRECTION(h) !== IP_CT_DIR_ORIGINAL) continue;
			const ct = nf_ct_tuplehash_to_ctrack(h);
			if (nf_ct_is_expired(ct)) {
				nf_conntrack_get(ct);
				nf_ct_evict.push(ct);
				continue;
			}
			if (!net_eq(net, nf_ct_net(ct))) continue;
			if (!ctnetlink_filter_match(ct, filter)) continue;
			msgs.push(ctnetlink_fill_info(type, ct, true, flags));
		}
	}
	for (const ct of nf_ct_evict) {
		if (nf_ct_should_gc(ct)) nf_ct_kill(ct);
		nf_ct_put(ct);
	}
	return msgs;
}

/**
 * Reads IPv4 addresses of a tuple.
 * @returns 0, or -EINVAL when one that counts is missing
 * @kernel net/netfilter/nf_conntrack_netlink.c:1214 (v5.10)
 */
function ipv4_nlattr_to_tuple(tb: nlattrs, t: nf_conntrack_tuple, flags: number): number {
	if ((flags & CTA_FILTER_F_CTA_IP_SRC) !== 0) {
		const src = nla_get_u32(tb, CTA_IP_V4_SRC);
		if (src === null) return -EINVAL;
		t.src_u3_ip = src;
	}
	if ((flags & CTA_FILTER_F_CTA_IP_DST) !== 0) {
		const dst = nla_get_u32(tb, CTA_IP_V4_DST);
		if (dst === null) return -EINVAL;
		t.dst_u3_ip = dst;
	}
	return 0;
}

/**
 * Reads IPv6 addresses of a tuple.
 * @returns 0, or -EINVAL when one that counts is missing
 * @kernel net/netfilter/nf_conntrack_netlink.c:1235 (v5.10)
 */
function ipv6_nlattr_to_tuple(tb: nlattrs, t: nf_conntrack_tuple, flags: number): number {
	if ((flags & CTA_FILTER_F_CTA_IP_SRC) !== 0) {
		const src = nla_data(tb, CTA_IP_V6_SRC);
		if (src === null || src.length !== 16) return -EINVAL;
		t.set_src_u3_in6(src);
	}
	if ((flags & CTA_FILTER_F_CTA_IP_DST) !== 0) {
		const dst = nla_data(tb, CTA_IP_V6_DST);
		if (dst === null || dst.length !== 16) return -EINVAL;
		t.set_dst_u3_in6(dst);
	}
	return 0;
}

/**
 * Reads the addresses of a tuple.
 * @returns 0 or -EINVAL
 * @kernel net/netfilter/nf_conntrack_netlink.c:1256 (v5.10)
 */
function ctnetlink_parse_tuple_ip(tb: nlattrs, tuple: nf_conntrack_tuple, flags: number): number {
	switch (tuple.src_l3num) {
		case NFPROTO_IPV4:
			return ipv4_nlattr_to_tuple(tb, tuple, flags);
		case NFPROTO_IPV6:
			return ipv6_nlattr_to_tuple(tb, tuple, flags);
	}
	return 0;
}

/**
 * Reads the protocol part of a tuple.
 * @returns 0 or -EINVAL
 * @kernel net/netfilter/nf_conntrack_netlink.c:1288 (v5.10)
 */
function ctnetlink_parse_tuple_proto(
	tb: nlattrs,
	tuple: nf_conntrack_tuple,
	flags: number,
): number {
	if ((flags & CTA_FILTER_F_CTA_PROTO_NUM) === 0) return 0;
	const protonum = nla_get_u8(tb, CTA_PROTO_NUM);
	if (protonum === null) return -EINVAL;
	tuple.dst_protonum = protonum;
	const l4proto = nf_ct_l4proto_find(protonum);
	return l4proto.nlattr_to_tuple === null ? 0 : l4proto.nlattr_to_tuple(tb, tuple, flags);
}

/**
 * Reads a zone, the default one when there is none.
 * @returns 0 or -EINVAL
 * @kernel net/netfilter/nf_conntrack_netlink.c:1326 (v5.10)
 */
function ctnetlink_parse_zone(tb: nlattrs, attrtype: number, zone: nf_conntrack_zone): number {
	nf_ct_zone_init(zone, NF_CT_DEFAULT_ZONE_ID, NF_CT_DEFAULT_ZONE_DIR, 0);
	if (!tb.has(attrtype)) return 0;
	const id = nla_get_u16(tb, attrtype);
	if (id === null) return -EINVAL;
	zone.id = id;
	return 0;
}

/**
 * Reads the zone of one direction.
 * @returns 0, or -EINVAL when there is one for both
 * @kernel net/netfilter/nf_conntrack_netlink.c:1342 (v5.10)
 */
function ctnetlink_parse_tuple_zone(tb: nlattrs, type: number, zone: nf_conntrack_zone): number {
	if (zone.id !== NF_CT_DEFAULT_ZONE_ID) return -EINVAL;
	const ret = ctnetlink_parse_zone(tb, CTA_TUPLE_ZONE, zone);
	if (ret < 0) return ret;
	zone.dir = type === CTA_TUPLE_REPLY ? NF_CT_ZONE_DIR_REPL : NF_CT_ZONE_DIR_ORIG;
	return 0;
}

const CTA_FILTER_F_ALL_CTA_PROTO =
	CTA_FILTER_F_CTA_PROTO_SRC_PORT |
	CTA_FILTER_F_CTA_PROTO_DST_PORT |
	CTA_FILTER_F_CTA_PROTO_ICMP_TYPE |
	CTA_FILTER_F_CTA_PROTO_ICMP_CODE |
	CTA_FILTER_F_CTA_PROTO_ICMP_ID |
	CTA_FILTER_F_CTA_PROTO_ICMPV6_TYPE |
	CTA_FILTER_F_CTA_PROTO_ICMPV6_CODE |
	CTA_FILTER_F_CTA_PROTO_ICMPV6_ID;

/**
 * Reads the parts of a tuple that flags name.
 * @param type CTA_TUPLE_*
 * @param zone may be null: then a zone in the tuple is an error
 * @returns 0, -EINVAL, -EOPNOTSUPP for another family
 * @kernel net/netfilter/nf_conntrack_netlink.c:1379 (v5.10)
 */
function ctnetlink_parse_tuple_filter(
	cda: nlattrs,
	tuple: nf_conntrack_tuple,
	type: number,
	l3num: number,
	zone: nf_conntrack_zone | null,
	flags: number,
): number {
	tuple.clear();
	const tb = nla_parse_nested(cda, type);
	if (tb === null) return -EINVAL;

	if (l3num !== NFPROTO_IPV4 && l3num !== NFPROTO_IPV6) return -EOPNOTSUPP;
	tuple.src_l3num = l3num;

	if ((flags & (CTA_FILTER_F_CTA_IP_DST | CTA_FILTER_F_CTA_IP_SRC)) !== 0) {
		const ip = nla_parse_nested(tb, CTA_TUPLE_IP);
		if (ip === null) return -EINVAL;
		const err = ctnetlink_parse_tuple_ip(ip, tuple, flags);
		if (err < 0) return err;
	}

	if ((flags & CTA_FILTER_F_CTA_PROTO_NUM) !== 0) {
		const proto = nla_parse_nested(tb, CTA_TUPLE_PROTO);
		if (proto === null) return -EINVAL;
		const err = ctnetlink_parse_tuple_proto(proto, tuple, flags);
		if (err < 0) return err;
	} else if ((flags & CTA_FILTER_F_ALL_CTA_PROTO) !== 0) {
		return -EINVAL;
	}

	if ((flags & CTA_FILTER_F_CTA_TUPLE_ZONE) !== 0 && tb.has(CTA_TUPLE_ZONE)) {
		if (zone === null) return -EINVAL;
		const err = ctnetlink_parse_tuple_zone(tb, type, zone);
		if (err < 0) return err;
	}

	tuple.dst_dir = type === CTA_TUPLE_REPLY ? IP_CT_DIR_REPLY : IP_CT_DIR_ORIGINAL;
	return 0;
}

/**
 * Reads a tuple.
 * @returns as ctnetlink_parse_tuple_filter()
 * @kernel net/netfilter/nf_conntrack_netlink.c:1440 (v5.10)
 */
function ctnetlink_parse_tuple(
	cda: nlattrs,
	tuple: nf_conntrack_tuple,
	type: number,
	l3num: number,
	zone: nf_conntrack_zone | null,
): number {
	return ctnetlink_parse_tuple_filter(cda, tuple, type, l3num, zone, CTA_FILTER_F_ALL);
}

const ct_nla_policy: nla_policy = {
	[CTA_TUPLE_ORIG]: { type: NLA_NESTED },
	[CTA_TUPLE_REPLY]: { type: NLA_NESTED },
	[CTA_STATUS]: { type: NLA_U32 },
	[CTA_PROTOINFO]: { type: NLA_NESTED },
	[CTA_HELP]: { type: NLA_NESTED },
	[CTA_NAT_SRC]: { type: NLA_NESTED },
	[CTA_TIMEOUT]: { type: NLA_U32 },
	[CTA_MARK]: { type: NLA_U32 },
	[CTA_ID]: { type: NLA_U32 },
	[CTA_NAT_DST]: { type: NLA_NESTED },
	[CTA_TUPLE_MASTER]: { type: NLA_NESTED },
	[CTA_ZONE]: { type: NLA_U16 },
	[CTA_MARK_MASK]: { type: NLA_U32 },
	[CTA_LABELS]: { type: NLA_BINARY, len: NF_CT_LABELS_MAX_SIZE },
	[CTA_LABELS_MASK]: { type: NLA_BINARY, len: NF_CT_LABELS_MAX_SIZE },
	[CTA_FILTER]: { type: NLA_NESTED },
};

/**
 * Chooses connections that a flush removes: those of the filter that the flow table does not have.
 * @kernel net/netfilter/nf_conntrack_netlink.c:1498 (v5.10)
 */
function ctnetlink_flush_iterate(ct: nf_conn, data: ctnetlink_filter | null): boolean {
	if ((ct.status & IPS_OFFLOAD) !== 0) return false;
	return ctnetlink_filter_match(ct, data);
}

/**
 * Removes connections.
 * @param family 0 for all
 * @returns 0, -EOPNOTSUPP for a filter by tuple
 * @kernel net/netfilter/nf_conntrack_netlink.c:1506 (v5.10)
 */
function ctnetlink_flush_conntrack(net: net, cda: nlattrs, family: number): number {
	let filter: ctnetlink_filter | null = null;
	if (ctnetlink_needs_filter(family, cda)) {
		if (cda.has(CTA_FILTER)) return -EOPNOTSUPP;
		const f = ctnetlink_alloc_filter(cda, family);
		if (IS_ERR(f)) return f;
		filter = f;
	}
	nf_ct_iterate_cleanup_net(net, ctnetlink_flush_iterate, filter, 0, 0);
	return 0;
}

/**
 * Reads the tuple and the zone that a request names.
 * @returns 0, 1 when it names none, or a negative errno
 * @kernel PORT: the part that deleting and getting share
 */
function ctnetlink_parse_either(
	msg: nfnl_msg,
	tuple: nf_conntrack_tuple,
	zone: nf_conntrack_zone,
): number {
	const cda = msg.tb;
	const err = ctnetlink_parse_zone(cda, CTA_ZONE, zone);
	if (err < 0) return err;
	const u3 = msg.nfgen_family;
	if (cda.has(CTA_TUPLE_ORIG))
		return ctnetlink_parse_tuple(cda, tuple, CTA_TUPLE_ORIG, u3, zone);
	if (cda.has(CTA_TUPLE_REPLY))
		return ctnetlink_parse_tuple(cda, tuple, CTA_TUPLE_REPLY, u3, zone);
	return 1;
}

/**
 * IPCTNL_MSG_CT_DELETE: removes the connection of a tuple, or without a tuple all of a filter.
 * @returns 0, -ENOENT, -EBUSY for one that the flow table has, -EINVAL
 * @kernel net/netfilter/nf_conntrack_netlink.c:1528 (v5.10)
 */
function ctnetlink_del_conntrack(net: net, msg: nfnl_msg, _extack: netlink_ext_ack): number {
	const cda = msg.tb;
	const tuple = new nf_conntrack_tuple(null);
	const zone = new nf_conntrack_zone();
	const err = ctnetlink_parse_either(msg, tuple, zone);
	if (err < 0) return err;
	if (err > 0)
		return ctnetlink_flush_conntrack(
			net,
			cda,
			msg.version !== 0 ? msg.nfgen_family : AF_UNSPEC,
		);

	const h = nf_conntrack_find_get(net, zone, tuple);
	if (h === null) return -ENOENT;
	const ct = nf_ct_tuplehash_to_ctrack(h);

	if ((ct.status & IPS_OFFLOAD) !== 0) {
		nf_ct_put(ct);
		return -EBUSY;
	}

	const id = nla_get_u32(cda, CTA_ID);
	if (id !== null && id !== nf_ct_get_id(ct)) {
		nf_ct_put(ct);
		return -ENOENT;
	}

	nf_ct_delete(ct, 0, 0);
	nf_ct_put(ct);
	return 0;
}

/**
 * IPCTNL_MSG_CT_GET, IPCTNL_MSG_CT_GET_CTRZERO: gives the connection of a tuple, or with NLM_F_DUMP all of a
 * filter.
 * @returns the messages, -ENOENT, -EINVAL
 * @kernel net/netfilter/nf_conntrack_netlink.c:1588 (v5.10)
 */
function ctnetlink_get_conntrack(
	net: net,
	msg: nfnl_msg,
	_extack: netlink_ext_ack,
): nfnl_msg[] | number {
	const type = msg.type & 0xff;
	if ((msg.flags & NLM_F_DUMP) !== 0) {
		let filter: ctnetlink_filter | null = null;
		if (ctnetlink_needs_filter(msg.nfgen_family, msg.tb)) {
			const f = ctnetlink_alloc_filter(msg.tb, msg.nfgen_family);
			if (IS_ERR(f)) return f;
			filter = f;
		}
		return ctnetlink_dump_table(net, filter, type);
	}

	const tuple = new nf_conntrack_tuple(null);
	const zone = new nf_conntrack_zone();
	const err = ctnetlink_parse_either(msg, tuple, zone);
	if (err < 0) return err;
	if (err > 0) return -EINVAL;

	const h = nf_conntrack_find_get(net, zone, tuple);
	if (h === null) return -ENOENT;
	const ct = nf_ct_tuplehash_to_ctrack(h);
	const answer = ctnetlink_fill_info(type, ct, true, 0);
	nf_ct_put(ct);
	return [answer];
}

/**
 * Lists new or dying connections.
 * @kernel net/netfilter/nf_conntrack_netlink.c:1670 (v5.10)
 */
function ctnetlink_dump_list(
	list: hlist_nulls_head<nf_conntrack_tuple_hash>,
	msg: nfnl_msg,
	dying: boolean,
): nfnl_msg[] {
	const l3proto = msg.nfgen_family;
	const msgs: nfnl_msg[] = [];
	for (let h = list.first; h !== null; h = h.hnnode_next) {
		const ct = nf_ct_tuplehash_to_ctrack(h);
		if (l3proto !== 0 && nf_ct_l3num(ct) !== l3proto) continue;
		msgs.push(ctnetlink_fill_info(msg.type & 0xff, ct, dying, NLM_F_MULTI));
	}
	return msgs;
}

/**
 * IPCTNL_MSG_CT_GET_DYING.
 * @returns the messages, -EOPNOTSUPP without NLM_F_DUMP
 * @kernel net/netfilter/nf_conntrack_netlink.c:1747 (v5.10)
 */
function ctnetlink_get_ct_dying(net: net, msg: nfnl_msg): nfnl_msg[] | number {
	if ((msg.flags & NLM_F_DUMP) === 0) return -EOPNOTSUPP;
	return ctnetlink_dump_list(net.ct.pcpu_lists.dying, msg, true);
}

/**
 * IPCTNL_MSG_CT_GET_UNCONFIRMED.
 * @returns the messages, -EOPNOTSUPP without NLM_F_DUMP
 * @kernel net/netfilter/nf_conntrack_netlink.c:1770 (v5.10)
 */
function ctnetlink_get_ct_unconfirmed(net: net, msg: nfnl_msg): nfnl_msg[] | number {
	if ((msg.flags & NLM_F_DUMP) === 0) return -EOPNOTSUPP;
	return ctnetlink_dump_list(net.ct.pcpu_lists.unconfirmed, msg, false);
}

/**
 * Settles NAT of a new connection.
 * @param attr null for none
 * @returns 0 or a negative errno
 * @kernel net/netfilter/nf_conntrack_netlink.c:1789 (v5.10)
 */
function ctnetlink_parse_nat_setup(ct: nf_conn, manip: number, attr: nlattrs | null): number {
	const { nf_nat_hook } = netfilter_hooks.of(ct.ct_net.machine);
	if (nf_nat_hook === null) return -EOPNOTSUPP;
	return nf_nat_hook.parse_nat_setup(ct, manip, attr);
}

/**
 * Changes state bits that may be changed.
 * @kernel net/netfilter/nf_conntrack_netlink.c:1837 (v5.10)
 */
function __ctnetlink_change_status(ct: nf_conn, on: number, off: number): void {
	on &= ~IPS_UNCHANGEABLE_MASK;
	off &= ~IPS_UNCHANGEABLE_MASK;
	ct.status = (ct.status & ~off) | on;
}

/**
 * Changes state bits as a request says.
 * @returns 0, or -EBUSY for a bit that may not be changed so
 * @kernel net/netfilter/nf_conntrack_netlink.c:1855 (v5.10)
 */
function ctnetlink_change_status(ct: nf_conn, status: number): number {
	const d = ct.status ^ status;
	if ((d & (IPS_EXPECTED | IPS_CONFIRMED | IPS_DYING)) !== 0) return -EBUSY;
	if ((d & IPS_SEEN_REPLY) !== 0 && (status & IPS_SEEN_REPLY) === 0) return -EBUSY;
	if ((d & IPS_ASSURED) !== 0 && (status & IPS_ASSURED) === 0) return -EBUSY;
	/* bits that nobody knows are not kept */
	__ctnetlink_change_status(ct, status & 0xffff, 0);
	return 0;
}

/**
 * Settles NAT of a new connection as a request says.
 * @returns 0 or a negative errno
 * @kernel net/netfilter/nf_conntrack_netlink.c:1878 (v5.10)
 */
function ctnetlink_setup_nat(ct: nf_conn, cda: nlattrs): number {
	if (!cda.has(CTA_NAT_DST) && !cda.has(CTA_NAT_SRC)) return 0;
	const ret = ctnetlink_parse_nat_setup(
		ct,
		NF_NAT_MANIP_DST,
		nla_parse_nested(cda, CTA_NAT_DST),
	);
	if (ret < 0) return ret;
	return ctnetlink_parse_nat_setup(ct, NF_NAT_MANIP_SRC, nla_parse_nested(cda, CTA_NAT_SRC));
}

/**
 * Changes the timeout.
 * @param seconds from now
 * @returns 0, or -ETIME for a connection that is being removed
 * @kernel net/netfilter/nf_conntrack_netlink.c:1966 (v5.10)
 */
function ctnetlink_change_timeout(ct: nf_conn, seconds: number): number {
	ct.timeout = (nfct_time_stamp(ct.ct_net) + Math.min(seconds * HZ, INT_MAX)) | 0;
	return (ct.status & IPS_DYING) !== 0 ? -ETIME : 0;
}

/**
 * Changes the mark, under a mask if there is one.
 * @kernel net/netfilter/nf_conntrack_netlink.c:1982 (v5.10)
 */
function ctnetlink_change_mark(ct: nf_conn, cda: nlattrs): void {
	const m = nla_get_u32(cda, CTA_MARK_MASK);
	const mask = m === null ? 0 : ~m;
	const mark = nla_get_u32(cda, CTA_MARK) ?? 0;
	ct.mark = ((ct.mark & mask) ^ mark) >>> 0;
}

/**
 * Changes the private part.
 * @returns 0 or a negative errno
 * @kernel net/netfilter/nf_conntrack_netlink.c:2003 (v5.10)
 */
function ctnetlink_change_protoinfo(ct: nf_conn, cda: nlattrs): number {
	const attr = nla_parse_nested(cda, CTA_PROTOINFO);
	if (attr === null) return -EINVAL;
	const l4proto = nf_ct_l4proto_find(nf_ct_protonum(ct));
	return l4proto.from_nlattr === null ? 0 : l4proto.from_nlattr(attr, ct);
}

/**
 * Bytes of labels as words, bit 0 in the first.
 * @kernel PORT: memory of an attribute read as u32
 */
function label_words(data: Uint8Array): Uint32Array {
	const words = new Uint32Array(data.length / 4);
	for (let i = 0; i < data.length; i++) words[i >> 2] |= data[i] << ((i & 3) * 8);
	return words;
}

/**
 * Changes labels.
 * @returns 0, -EINVAL, -ENOSPC for a connection without
 * @kernel net/netfilter/nf_conntrack_netlink.c:2132 (v5.10)
 */
function ctnetlink_attach_labels(ct: nf_conn, cda: nlattrs): number {
	const data = nla_data(cda, CTA_LABELS);
	const mask = nla_data(cda, CTA_LABELS_MASK);
	if (data === null || (data.length & 3) !== 0) return -EINVAL;
	if (mask !== null && (mask.length === 0 || mask.length !== data.length)) return -EINVAL;
	return nf_connlabels_replace(
		ct,
		label_words(data),
		mask === null ? null : label_words(mask),
		data.length / 4,
	);
}

/**
 * Changes a connection.
 * @returns 0, -EOPNOTSUPP for what only a new connection can get, or a negative errno
 * @kernel net/netfilter/nf_conntrack_netlink.c:2157 (v5.10)
 */
function ctnetlink_change_conntrack(ct: nf_conn, cda: nlattrs): number {
	if (cda.has(CTA_NAT_SRC) || cda.has(CTA_NAT_DST) || cda.has(CTA_TUPLE_MASTER))
		return -EOPNOTSUPP;
	/* PORT: no helper is there to be found */
	if (cda.has(CTA_HELP)) return -EOPNOTSUPP;

	const timeout = nla_get_u32(cda, CTA_TIMEOUT);
	if (timeout !== null) {
		const err = ctnetlink_change_timeout(ct, timeout);
		if (err < 0) return err;
	}
	const status = nla_get_u32(cda, CTA_STATUS);
	if (status !== null) {
		const err = ctnetlink_change_status(ct, status);
		if (err < 0) return err;
	}
	if (cda.has(CTA_PROTOINFO)) {
		const err = ctnetlink_change_protoinfo(ct, cda);
		if (err < 0) return err;
	}
	if (cda.has(CTA_MARK)) ctnetlink_change_mark(ct, cda);
	if (cda.has(CTA_LABELS)) {
		const err = ctnetlink_attach_labels(ct, cda);
		if (err < 0) return err;
	}
	return 0;
}

/**
 * Fills a connection that was just made and puts it into the table.
 * @returns 0 or a negative errno
 * @kernel PORT: ctnetlink_create_conntrack between err1 and its beginning
 */
function ctnetlink_fill_new(
	net: net,
	ct: nf_conn,
	zone: nf_conntrack_zone,
	cda: nlattrs,
	u3: number,
): number {
	const timeout = nla_get_u32(cda, CTA_TIMEOUT);
	if (timeout === null) return -EINVAL;
	ct.timeout = (Math.min(timeout * HZ, INT_MAX) + nfct_time_stamp(net)) | 0;

	if (cda.has(CTA_HELP)) return -EOPNOTSUPP;

	let err = ctnetlink_setup_nat(ct, cda);
	if (err < 0) return err;

	nf_ct_acct_ext_add(ct);
	nf_ct_labels_ext_add(ct);

	ct.status |= IPS_CONFIRMED;

	const status = nla_get_u32(cda, CTA_STATUS);
	if (status !== null) {
		err = ctnetlink_change_status(ct, status);
		if (err < 0) return err;
	}
	if (cda.has(CTA_PROTOINFO)) {
		err = ctnetlink_change_protoinfo(ct, cda);
		if (err < 0) return err;
	}
	if (cda.has(CTA_MARK)) ctnetlink_change_mark(ct, cda);

	if (cda.has(CTA_TUPLE_MASTER)) {
		const master = new nf_conntrack_tuple(null);
		err = ctnetlink_parse_tuple(cda, master, CTA_TUPLE_MASTER, u3, null);
		if (err < 0) return err;
		const master_h = nf_conntrack_find_get(net, zone, master);
		if (master_h === null) return -ENOENT;
		ct.status |= IPS_EXPECTED;
		ct.master = nf_ct_tuplehash_to_ctrack(master_h);
	}
	return nf_conntrack_hash_check_insert(ct);
}

/**
 * Makes a connection.
 * @returns the connection with two references, -ENOMEM, -EINVAL, -EEXIST, or another negative errno
 * @kernel net/netfilter/nf_conntrack_netlink.c:2217 (v5.10)
 */
function ctnetlink_create_conntrack(
	net: net,
	zone: nf_conntrack_zone,
	cda: nlattrs,
	otuple: nf_conntrack_tuple,
	rtuple: nf_conntrack_tuple,
	u3: number,
): nf_conn | number {
	const ct = nf_conntrack_alloc(net, zone, otuple, rtuple);
	if (IS_ERR(ct)) return -ENOMEM;
	const err = ctnetlink_fill_new(net, ct, zone, cda, u3);
	if (err < 0) {
		nf_conntrack_free(ct);
		return err;
	}
	return ct;
}

/**
 * IPCTNL_MSG_CT_NEW: changes a connection, or with NLM_F_CREATE makes it.
 * @returns 0, -ENOENT, -EEXIST with NLM_F_EXCL, or another negative errno
 * @kernel net/netfilter/nf_conntrack_netlink.c:2378 (v5.10)
 */
function ctnetlink_new_conntrack(net: net, msg: nfnl_msg, _extack: netlink_ext_ack): number {
	const cda = msg.tb;
	const u3 = msg.nfgen_family;
	const otuple = new nf_conntrack_tuple(null);
	const rtuple = new nf_conntrack_tuple(null);
	const zone = new nf_conntrack_zone();

	let err = ctnetlink_parse_zone(cda, CTA_ZONE, zone);
	if (err < 0) return err;
	if (cda.has(CTA_TUPLE_ORIG)) {
		err = ctnetlink_parse_tuple(cda, otuple, CTA_TUPLE_ORIG, u3, zone);
		if (err < 0) return err;
	}
	if (cda.has(CTA_TUPLE_REPLY)) {
		err = ctnetlink_parse_tuple(cda, rtuple, CTA_TUPLE_REPLY, u3, zone);
		if (err < 0) return err;
	}

	let h: nf_conntrack_tuple_hash | null = null;
	if (cda.has(CTA_TUPLE_ORIG)) h = nf_conntrack_find_get(net, zone, otuple);
	else if (cda.has(CTA_TUPLE_REPLY)) h = nf_conntrack_find_get(net, zone, rtuple);

	if (h === null) {
		if ((msg.flags & NLM_F_CREATE) === 0) return -ENOENT;
		if (!cda.has(CTA_TUPLE_ORIG) || !cda.has(CTA_TUPLE_REPLY)) return -EINVAL;
		if (otuple.dst_protonum !== rtuple.dst_protonum) return -EINVAL;

		const ct = ctnetlink_create_conntrack(net, zone, cda, otuple, rtuple, u3);
		if (IS_ERR(ct)) return ct;
		if (cda.has(CTA_LABELS)) ctnetlink_attach_labels(ct, cda);
		nf_ct_put(ct);
		return 0;
	}

	const ct = nf_ct_tuplehash_to_ctrack(h);
	err = -EEXIST;
	if ((msg.flags & NLM_F_EXCL) === 0) err = ctnetlink_change_conntrack(ct, cda);
	nf_ct_put(ct);
	return err;
}

/**
 * Makes the message of the counters of a namespace.
 * @kernel net/netfilter/nf_conntrack_netlink.c:2480 (v5.10)
 */
function ctnetlink_ct_stat_cpu_fill_info(net: net): nfnl_msg {
	const st = net.ct.stat;
	const msg = new nfnl_msg(
		ctnl_msg_type(IPCTNL_MSG_CT_GET_STATS_CPU),
		NLM_F_MULTI,
		AF_UNSPEC,
	);
	const { tb } = msg;
	nla_put_u32(tb, CTA_STATS_FOUND, st.found);
	nla_put_u32(tb, CTA_STATS_INVALID, st.invalid);
	nla_put_u32(tb, CTA_STATS_INSERT, st.insert);
	nla_put_u32(tb, CTA_STATS_INSERT_FAILED, st.insert_failed);
	nla_put_u32(tb, CTA_STATS_DROP, st.drop);
	nla_put_u32(tb, CTA_STATS_EARLY_DROP, st.early_drop);
	nla_put_u32(tb, CTA_STATS_ERROR, st.error);
	nla_put_u32(tb, CTA_STATS_SEARCH_RESTART, st.search_restart);
	nla_put_u32(tb, CTA_STATS_CLASH_RESOLVE, st.clash_resolve);
	return msg;
}

/**
 * IPCTNL_MSG_CT_GET_STATS_CPU: counters, one message for the one CPU.
 * @kernel net/netfilter/nf_conntrack_netlink.c:2548 (v5.10)
 */
function ctnetlink_stat_ct_cpu(net: net, msg: nfnl_msg): nfnl_msg[] {
	return (msg.flags & NLM_F_DUMP) !== 0 ? [ctnetlink_ct_stat_cpu_fill_info(net)] : [];
}

/**
 * Makes the message of how many connections there are and may be.
 * @kernel net/netfilter/nf_conntrack_netlink.c:2565 (v5.10)
 */
function ctnetlink_stat_ct_fill_info(net: net): nfnl_msg {
	const msg = new nfnl_msg(ctnl_msg_type(IPCTNL_MSG_CT_GET_STATS), 0, AF_UNSPEC);
	nla_put_u32(msg.tb, CTA_STATS_GLOBAL_ENTRIES, net.ct.count);
	nla_put_u32(
		msg.tb,
		CTA_STATS_GLOBAL_MAX_ENTRIES,
		nf_conntrack_vars.of(net.machine).nf_conntrack_max,
	);
	return msg;
}

/**
 * IPCTNL_MSG_CT_GET_STATS: how many connections there are and may be.
 * @kernel net/netfilter/nf_conntrack_netlink.c:2598 (v5.10)
 */
function ctnetlink_stat_ct(net: net): nfnl_msg[] {
	return [ctnetlink_stat_ct_fill_info(net)];
}

/**
 * Handlers by message.
 * @kernel PORT: ctnl_cb of this file, an array by index
 */
function make_ctnl_cb(): (nfnl_callback | null)[] {
	const cb = new Array<nfnl_callback | null>(IPCTNL_MSG_MAX).fill(null);
	const attrs = { attr_count: CTA_MAX, policy: ct_nla_policy };
	cb[IPCTNL_MSG_CT_NEW] = { call: ctnetlink_new_conntrack, ...attrs };
	cb[IPCTNL_MSG_CT_GET] = { call: ctnetlink_get_conntrack, ...attrs };
	cb[IPCTNL_MSG_CT_DELETE] = { call: ctnetlink_del_conntrack, ...attrs };
	cb[IPCTNL_MSG_CT_GET_CTRZERO] = { call: ctnetlink_get_conntrack, ...attrs };
	cb[IPCTNL_MSG_CT_GET_STATS_CPU] = { call: ctnetlink_stat_ct_cpu, attr_count: 0 };
	cb[IPCTNL_MSG_CT_GET_STATS] = { call: ctnetlink_stat_ct, attr_count: 0 };
	cb[IPCTNL_MSG_CT_GET_DYING] = { call: ctnetlink_get_ct_dying, attr_count: 0 };
	cb[IPCTNL_MSG_CT_GET_UNCONFIRMED] = { call: ctnetlink_get_ct_unconfirmed, attr_count: 0 };
	return cb;
}

const ctnl_subsys: nfnetlink_subsystem = {
	name: 'conntrack',
	subsys_id: NFNL_SUBSYS_CTNETLINK,
	cb: make_ctnl_cb(),
};

/**
 * Boots the netlink part of connection tracking, after nfnetlink_init().
 * @returns 0 or a negative errno
 * @kernel net/netfilter/nf_conntrack_netlink.c:3897 (v5.10)
 */
export function ctnetlink_init(m: Machine): number {
	return nfnetlink_subsys_register(m, ctnl_subsys);
}
