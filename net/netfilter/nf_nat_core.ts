// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_nat_core.c, base v5.10: which address and port a new connection gets, and the hook that
 * asks the rules once a connection and kind and then has packets changed.
 *
 * A connection's reply tuple is changed when it is new, so that answers are found; what a packet must become
 * is the inverse of the other direction's tuple. A connection that no rule maps gets a null binding, which
 * keeps its addresses but may move its port out of another's way.
 *
 * PORT: nf_nat_manip_pkt() is reached through nf_nat_hook, which nf_nat_proto_init() completes:
 * nf_nat_proto.ts imports this file. IPsec is reached through its hooks on the machine. Scratch tuples and
 * ranges are fields of `nf_nat_vars`.
 * Not ported: helpers, GRE keys, UDP-Lite, SCTP and DCCP ports (not tracked as such).
 */
import type { net } from '../../include/net/net_namespace.ts';
import { net_eq, pernet_var } from '../../include/net/net_namespace.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { skb_headroom } from '../../include/linux/skbuff.ts';
import {
	nf_hook_entries,
	nf_hook_entry_hookfn,
	type nf_hook_ops,
	type nf_hook_state,
	type nf_inet_addr,
	nf_inet_addr_cmp,
} from '../../include/linux/netfilter.ts';
import {
	get_random_bytes,
	machine_var,
	prandom_u32,
	type Machine,
} from '../../include/linux/machine.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { jhash2, jhash_5words } from '../../include/linux/jhash.ts';
import { get_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import { net_hash_mix } from '../../include/net/ip.ts';
import type { dst_entry } from '../../include/net/dst.ts';
import { skb_dst_set } from '../../include/net/dst.ts';
import { flowi4, flowi6 } from '../../include/net/flow.ts';
import { sock_net } from '../../include/net/sock.ts';
import { xfrm_decode_session, XFRM_POLICY_OUT, xfrm_lookup_ops } from '../../include/net/xfrm.ts';
import { AF_INET } from '../../include/linux/socket.ts';
import {
	IPPROTO_ICMP,
	IPPROTO_ICMPV6,
	IPPROTO_TCP,
	IPPROTO_UDP,
} from '../../include/uapi/linux/in.ts';
import {
	NF_ACCEPT,
	NF_DROP,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
	NFPROTO_NUMPROTO,
} from '../../include/uapi/linux/netfilter.ts';
import {
	IP_CT_ESTABLISHED,
	IP_CT_ESTABLISHED_REPLY,
	IP_CT_NEW,
	IP_CT_RELATED,
	IP_CT_RELATED_REPLY,
	IPS_DST_NAT,
	IPS_DST_NAT_DONE,
	IPS_NAT_MASK,
	IPS_SRC_NAT,
	IPS_SRC_NAT_DONE,
} from '../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import {
	CTINFO2DIR,
	IP_CT_DIR_ORIGINAL,
	IP_CT_DIR_REPLY,
} from '../../include/uapi/linux/netfilter/nf_conntrack_tuple_common.ts';
import {
	NF_NAT_RANGE_MAP_IPS,
	NF_NAT_RANGE_PERSISTENT,
	NF_NAT_RANGE_PROTO_OFFSET,
	NF_NAT_RANGE_PROTO_RANDOM_ALL,
	NF_NAT_RANGE_PROTO_SPECIFIED,
} from '../../include/uapi/linux/netfilter/nf_nat.ts';
import {
	CTA_NAT_PROTO,
	CTA_NAT_V4_MAXIP,
	CTA_NAT_V4_MINIP,
	CTA_NAT_V6_MAXIP,
	CTA_NAT_V6_MINIP,
	CTA_PROTONAT_PORT_MAX,
	CTA_PROTONAT_PORT_MIN,
} from '../../include/uapi/linux/netfilter/nfnetlink_conntrack.ts';
import {
	nla_data,
	nla_get_u16,
	nla_get_u32,
	nla_parse_nested,
	type nlattrs,
} from '../../include/net/netlink.ts';
import {
	E2BIG,
	EEXIST,
	EHOSTUNREACH,
	EINVAL,
	ENOMEM,
	EPROTONOSUPPORT,
} from '../../include/uapi/linux/errno.ts';
import type { __be16 } from '../../include/linux/types.ts';
import type { nf_conntrack_zone } from '../../include/linux/netfilter/nf_conntrack_zones_common.ts';
import {
	NF_CT_TUPLE_WORDS,
	nf_conntrack_tuple,
	nf_ct_tuple_equal,
} from '../../include/net/netfilter/nf_conntrack_tuple.ts';
import {
	nf_ct_is_confirmed,
	nf_ct_l3num,
	nf_ct_net,
	nf_ct_protonum,
	type nf_conn,
} from '../../include/net/netfilter/nf_conntrack.ts';
import { nf_ct_zone, nf_ct_zone_equal } from '../../include/net/netfilter/nf_conntrack_zones.ts';
import {
	HOOK2MANIP,
	NF_NAT_MANIP_DST,
	NF_NAT_MANIP_SRC,
	nf_conn_nat,
	nf_nat_initialized,
	nf_nat_oif_changed,
	nf_nat_range2,
	nfct_nat,
} from '../../include/net/netfilter/nf_nat.ts';
import { dst_hold_safe } from '../core/dst.ts';
import { pskb_expand_head, skb_dst_drop } from '../core/skbuff.ts';
import {
	netfilter_hooks,
	nf_register_net_hooks,
	nf_unregister_net_hooks,
	type nf_nat_hook,
} from './core.ts';
import {
	nf_conntrack_alter_reply,
	nf_conntrack_tuple_taken,
	nf_conntrack_vars,
	nf_ct_invert_tuple,
	nf_ct_iterate_destroy,
	nf_ct_kill_acct,
} from './nf_conntrack_core.ts';
import {
	nf_ct_extend_register,
	nf_ct_extend_unregister,
	type nf_ct_ext_type,
} from './nf_conntrack_extend.ts';

/** What a NAT hook of the stack leads to: the chains that rules were put into, in order of priority. */
class nf_nat_lookup_hook_priv {
	entries: nf_hook_entries | null = null;
}

/** NAT hooks of a family in a namespace. */
class nf_nat_hooks_net {
	nat_hook_ops: nf_hook_ops[] | null = null;
	users = 0;
}

/** By NFPROTO_*. */
class nat_net {
	readonly nat_proto_net: readonly nf_nat_hooks_net[] = Array.from(
		{ length: NFPROTO_NUMPROTO },
		() => new nf_nat_hooks_net(),
	);
}

const nat_net_var = pernet_var(() => new nat_net());

/** File-level variables, of one machine. */
class nf_nat_globals {
	/** Connections by source, each chain's first. */
	nf_nat_bysource: (nf_conn | null)[] = [];
	readonly nf_nat_hash_rnd: number;
	/* variables on the stack in C; none is in use across a call that may lead here again */
	readonly curr_tuple = new nf_conntrack_tuple(null);
	readonly new_tuple = new nf_conntrack_tuple(null);
	readonly reply = new nf_conntrack_tuple(null);
	readonly null_range = new nf_nat_range2();

	constructor(m: Machine) {
		const rnd = new Uint8Array(4);
		get_random_bytes(m, rnd);
		this.nf_nat_hash_rnd = get_unaligned_be32(rnd, 0);
	}
}

const nf_nat_vars = machine_var((m) => new nf_nat_globals(m));

/* PORT: a tuple as memory, for jhash2() */
const words = new Int32Array(NF_CT_TUPLE_WORDS);

/* variables on the stack in C */
const fl4_var = machine_var(() => new flowi4());
const fl6_var = machine_var(() => new flowi6());

/**
 * Maps 32 random bits onto a range.
 * @kernel include/linux/kernel.h:293 (v5.10)
 */
function reciprocal_scale(val: number, ep_ro: number): number {
	return Math.floor((val * ep_ro) / 0x100000000);
}

/**
 * Tells whether a protocol has ports.
 * @kernel PORT: the list of protocols in the decode functions
 */
function has_ports(protonum: number): boolean {
	return protonum === IPPROTO_TCP || protonum === IPPROTO_UDP;
}

/**
 * Puts a connection's other ends into an IPv4 flow key.
 * @param statusbit IPS_SRC_NAT or IPS_DST_NAT: whose change the destination shows
 * @kernel net/netfilter/nf_nat_core.c:55 (v5.10)
 */
function nf_nat_ipv4_decode_session(ct: nf_conn, dir: 0 | 1, statusbit: number, fl4: flowi4): void {
	const t = ct.tuplehash_of(dir).tuple;
	if ((ct.status & statusbit) !== 0) {
		fl4.daddr = t.dst_u3_ip;
		if (has_ports(t.dst_protonum)) fl4.fl4_dport = t.dst_u_all;
	}
	statusbit ^= IPS_NAT_MASK;
	if ((ct.status & statusbit) !== 0) {
		fl4.saddr = t.src_u3_ip;
		if (has_ports(t.dst_protonum)) fl4.fl4_sport = t.src_u_all;
	}
}

/**
 * Puts a connection's other ends into an IPv6 flow key.
 * @param statusbit IPS_SRC_NAT or IPS_DST_NAT: whose change the destination shows
 * @kernel net/netfilter/nf_nat_core.c:87 (v5.10)
 */
function nf_nat_ipv6_decode_session(ct: nf_conn, dir: 0 | 1, statusbit: number, fl6: flowi6): void {
	const t = ct.tuplehash_of(dir).tuple;
	if ((ct.status & statusbit) !== 0) {
		t.dst_u3_in6(fl6.daddr);
		if (has_ports(t.dst_protonum)) fl6.fl6_dport = t.dst_u_all;
	}
	statusbit ^= IPS_NAT_MASK;
	if ((ct.status & statusbit) !== 0) {
		t.src_u3_in6(fl6.saddr);
		if (has_ports(t.dst_protonum)) fl6.fl6_sport = t.src_u_all;
	}
}

/**
 * Puts the addresses before NAT of a packet into a flow key, for IPsec policies.
 * @kernel net/netfilter/nf_nat_core.c:121 (v5.10)
 */
function __nf_nat_decode_session(skb: sk_buff, fl: flowi4 | flowi6): void {
	const ct = skb._nfct;
	if (ct === null) return;
	const dir = CTINFO2DIR(skb.nfctinfo) as 0 | 1;
	const statusbit = dir === IP_CT_DIR_ORIGINAL ? IPS_DST_NAT : IPS_SRC_NAT;
	switch (nf_ct_l3num(ct)) {
		case NFPROTO_IPV4:
			if (fl instanceof flowi4)
				nf_nat_ipv4_decode_session(ct, dir, statusbit, fl);
			return;
		case NFPROTO_IPV6:
			if (fl instanceof flowi6)
				nf_nat_ipv6_decode_session(ct, dir, statusbit, fl);
			return;
	}
}

/**
 * Asks IPsec anew for the destination of a packet that NAT has changed.
 * @param family AF_INET or AF_INET6
 * @returns 0 or a negative errno
 * @kernel net/netfilter/nf_nat_core.c:150 (v5.10)
 */
export function nf_xfrm_me_harder(net: net, skb: sk_buff, family: number): number {
	const { fn } = xfrm_lookup_ops.of(net.machine);
	if (fn === null) return 0;
	/* PORT: where there is no policy, xfrm_lookup() gives the route back without a look at the key */
	const policies = net.xfrm.policy_count[XFRM_POLICY_OUT] !== 0;
	const fl = policies ? (family === AF_INET ? fl4_var : fl6_var).of(net.machine) : null;
	if (fl !== null) {
		const err = xfrm_decode_session(skb, fl, family);
		if (err < 0) return err;
	}

	let dst: dst_entry = skb._dst!;
	if (dst.xfrm !== null) dst = (dst as dst_entry & { route: dst_entry }).route;
	if (!dst_hold_safe(dst)) return -EHOSTUNREACH;

	let { sk } = skb;
	if (sk !== null && !net_eq(net, sock_net(sk))) sk = null;

	const ndst = fl !== null ? fn.xfrm_lookup(net, dst, fl, sk, 0) : dst;
	if (IS_ERR(ndst)) return ndst;

	skb_dst_drop(skb);
	skb_dst_set(skb, ndst);

	/* Another device may have a longer header. */
	const hh_len = ndst.dev!.hard_header_len;
	if (
		skb_headroom(skb) < hh_len &&
		pskb_expand_head(skb, hh_len - skb_headroom(skb), 0) !== 0
	)
		return -ENOMEM;
	return 0;
}

/**
 * Chain of connections with a source.
 * @kernel net/netfilter/nf_nat_core.c:190 (v5.10)
 */
function hash_by_src(g: nf_nat_globals, n: net, tuple: nf_conntrack_tuple): number {
	const hash = jhash_5words(
		tuple.src_u3_0,
		tuple.src_u3_1,
		tuple.src_u3_2,
		tuple.src_u3_3,
		tuple.src_u,
		tuple.dst_protonum ^ g.nf_nat_hash_rnd ^ net_hash_mix(n),
	);
	return reciprocal_scale(hash, g.nf_nat_bysource.length);
}

/**
 * Tells whether the answers to a tuple would belong to another connection.
 * @kernel net/netfilter/nf_nat_core.c:205 (v5.10)
 */
function nf_nat_used_tuple(
	g: nf_nat_globals,
	tuple: nf_conntrack_tuple,
	ignored_conntrack: nf_conn,
): boolean {
	nf_ct_invert_tuple(g.reply, tuple);
	return nf_conntrack_tuple_taken(g.reply, ignored_conntrack);
}

/**
 * Compares the source address of a tuple with an address of a range.
 * @returns negative, 0 or positive
 * @kernel PORT: ipv6_addr_cmp on a tuple
 */
function tuple_src_cmp(t: nf_conntrack_tuple, addr: nf_inet_addr): number {
	for (let i = 0; i < 4; i++) {
		const d = t.src_u3_word(i) - addr.word(i);
		if (d !== 0) return d;
	}
	return 0;
}

/**
 * Tells whether a tuple's source address is in a range.
 * @kernel net/netfilter/nf_nat_core.c:220 (v5.10)
 */
function nf_nat_inet_in_range(t: nf_conntrack_tuple, range: Readonly<nf_nat_range2>): boolean {
	if (t.src_l3num === NFPROTO_IPV4)
		return t.src_u3_ip >= range.min_addr.ip && t.src_u3_ip <= range.max_addr.ip;
	return tuple_src_cmp(t, range.min_addr) >= 0 && tuple_src_cmp(t, range.max_addr) <= 0;
}

/**
 * Tells whether a tuple's port or id is in a range.
 * @param maniptype NF_NAT_MANIP_*
 * @kernel net/netfilter/nf_nat_core.c:232 (v5.10)
 */
function l4proto_in_range(
	tuple: nf_conntrack_tuple,
	maniptype: number,
	min: __be16,
	max: __be16,
): boolean {
	switch (tuple.dst_protonum) {
		case IPPROTO_ICMP:
		case IPPROTO_ICMPV6:
			return tuple.src_u_all >= min && tuple.src_u_all <= max;
		case IPPROTO_TCP:
		case IPPROTO_UDP: {
			const port =
				maniptype === NF_NAT_MANIP_SRC ? tuple.src_u_all : tuple.dst_u_all;
			return port >= min && port <= max;
		}
		default:
			return true;
	}
}

/**
 * Tells whether a tuple's source is in a range.
 * @kernel net/netfilter/nf_nat_core.c:265 (v5.10)
 */
function in_range(tuple: nf_conntrack_tuple, range: Readonly<nf_nat_range2>): boolean {
	if ((range.flags & NF_NAT_RANGE_MAP_IPS) !== 0 && !nf_nat_inet_in_range(tuple, range))
		return false;
	if ((range.flags & NF_NAT_RANGE_PROTO_SPECIFIED) === 0) return true;
	return l4proto_in_range(tuple, NF_NAT_MANIP_SRC, range.min_proto, range.max_proto);
}

/**
 * Tells whether a connection began at a source.
 * @kernel net/netfilter/nf_nat_core.c:283 (v5.10)
 */
function same_src(ct: nf_conn, tuple: nf_conntrack_tuple): boolean {
	const t = ct.tuplehash_of(IP_CT_DIR_ORIGINAL).tuple;
	return (
		t.dst_protonum === tuple.dst_protonum &&
		t.src_u3_0 === tuple.src_u3_0 &&
		t.src_u3_1 === tuple.src_u3_1 &&
		t.src_u3_2 === tuple.src_u3_2 &&
		t.src_u3_3 === tuple.src_u3_3 &&
		t.src_u_all === tuple.src_u_all
	);
}

/**
 * Looks for a mapping that another connection from the same source has and that is in the range.
 * @param result filled: the mapped source with the tuple's destination
 * @kernel net/netfilter/nf_nat_core.c:296 (v5.10)
 */
function find_appropriate_src(
	g: nf_nat_globals,
	net: net,
	zone: Readonly<nf_conntrack_zone>,
	tuple: nf_conntrack_tuple,
	result: nf_conntrack_tuple,
	range: Readonly<nf_nat_range2>,
): boolean {
	const h = hash_by_src(g, net, tuple);
	for (let ct = g.nf_nat_bysource[h]; ct !== null; ct = ct.nat_bysource_next) {
		if (
			same_src(ct, tuple) &&
			net_eq(net, nf_ct_net(ct)) &&
			nf_ct_zone_equal(ct, zone, IP_CT_DIR_ORIGINAL)
		) {
			nf_ct_invert_tuple(result, ct.tuplehash_of(IP_CT_DIR_REPLY).tuple);
			result.dst_u3_from_dst(tuple);
			result.dst_u_all = tuple.dst_u_all;
			result.dst_protonum = tuple.dst_protonum;
			result.dst_dir = tuple.dst_dir;
			if (in_range(result, range)) return true;
		}
	}
	return false;
}

/**
 * Chooses an address of a range, the same for the same source and, unless it shall be persistent, destination.
 * @param tuple changed
 * @param maniptype NF_NAT_MANIP_*
 * @kernel net/netfilter/nf_nat_core.c:328 (v5.10)
 */
function find_best_ips_proto(
	zone: Readonly<nf_conntrack_zone>,
	tuple: nf_conntrack_tuple,
	range: Readonly<nf_nat_range2>,
	ct: nf_conn,
	maniptype: number,
): void {
	if ((range.flags & NF_NAT_RANGE_MAP_IPS) === 0) return;
	const src = maniptype === NF_NAT_MANIP_SRC;

	if (nf_inet_addr_cmp(range.min_addr, range.max_addr)) {
		if (src) tuple.set_src_u3(range.min_addr);
		else tuple.set_dst_u3(range.min_addr);
		return;
	}

	const max = nf_ct_l3num(ct) === NFPROTO_IPV4 ? 0 : 3;
	const persistent = (range.flags & NF_NAT_RANGE_PERSISTENT) !== 0;
	/* the source address is the first four words */
	const seed = persistent ? 0 : tuple.dst_u3_word(max) ^ zone.id;
	let j = jhash2(tuple.to_words(words), 4, seed);

	let full_range = false;
	for (let i = 0; i <= max; i++) {
		let minip: number;
		let dist: number;
		/* As long as the words before are the largest allowed, this one is bounded too. */
		if (!full_range) {
			minip = range.min_addr.word(i);
			dist = (range.max_addr.word(i) - minip + 1) >>> 0;
		} else {
			minip = 0;
			dist = 0xffffffff;
		}
		const word = (minip + reciprocal_scale(j, dist)) >>> 0;
		if (src) tuple.set_src_u3_word(i, word);
		else tuple.set_dst_u3_word(i, word);
		if (word !== range.max_addr.word(i)) full_range = true;

		if (!persistent) j = (j ^ tuple.dst_u3_word(i)) >>> 0;
	}
}

/** Tries before another starting point is taken. */
const max_attempts = 128;

/**
 * Chooses a port or id that makes the tuple unique, if there is one among those tried.
 * @param tuple changed
 * @param maniptype NF_NAT_MANIP_*
 * @kernel net/netfilter/nf_nat_core.c:400 (v5.10)
 */
function nf_nat_l4proto_unique_tuple(
	g: nf_nat_globals,
	tuple: nf_conntrack_tuple,
	range: Readonly<nf_nat_range2>,
	maniptype: number,
	ct: nf_conn,
): void {
	const m = ct.ct_net.machine;
	const specified = (range.flags & NF_NAT_RANGE_PROTO_SPECIFIED) !== 0;
	let key_is_src: boolean;
	let key: number;
	let min: number;
	let range_size: number;

	switch (tuple.dst_protonum) {
		case IPPROTO_ICMP:
		case IPPROTO_ICMPV6:
			/* The id is the same in both directions. */
			key_is_src = true;
			key = tuple.src_u_all;
			if (!specified) {
				min = 0;
				range_size = 65536;
			} else {
				min = range.min_proto;
				range_size = (range.max_proto - range.min_proto + 1) >>> 0;
			}
			break;
		case IPPROTO_UDP:
		case IPPROTO_TCP:
			key_is_src = maniptype === NF_NAT_MANIP_SRC;
			key = key_is_src ? tuple.src_u_all : tuple.dst_u_all;
			if (!specified) {
				/* A port that was addressed cannot become another. */
				if (maniptype === NF_NAT_MANIP_DST) return;
				if (key < 1024) {
					if (key < 512) {
						min = 1;
						range_size = 511 - min + 1;
					} else {
						min = 600;
						range_size = 1023 - min + 1;
					}
				} else {
					min = 1024;
					range_size = 65535 - 1024 + 1;
				}
			} else {
				min = range.min_proto;
				let max: number = range.max_proto;
				if (max < min) [min, max] = [max, min];
				range_size = max - min + 1;
			}
			break;
		default:
			return;
	}

	let off =
		((range.flags & NF_NAT_RANGE_PROTO_OFFSET) !== 0
			? key - range.base_proto
			: prandom_u32(m)) & 0xffff;

	let attempts = range_size;
	if (attempts > max_attempts) attempts = max_attempts;

	/* When none is free from one starting point on, take another, and try fewer. */
	for (;;) {
		for (let i = 0; i < attempts; i++, off = (off + 1) & 0xffff) {
			const port = (min + (off % range_size)) & 0xffff;
			if (key_is_src) tuple.src_u_all = port;
			else tuple.dst_u_all = port;
			if (!nf_nat_used_tuple(g, tuple, ct)) return;
		}
		if (attempts >= range_size || attempts < 16) return;
		attempts = Math.trunc(attempts / 2);
		off = prandom_u32(m) & 0xffff;
	}
}

/**
 * Maps a tuple into a range so that it is unique, if that can be done.
 * @param tuple filled
 * @param maniptype NF_NAT_MANIP_*
 * @kernel net/netfilter/nf_nat_core.c:524 (v5.10)
 */
function get_unique_tuple(
	g: nf_nat_globals,
	tuple: nf_conntrack_tuple,
	orig_tuple: nf_conntrack_tuple,
	range: Readonly<nf_nat_range2>,
	ct: nf_conn,
	maniptype: number,
): void {
	const zone = nf_ct_zone(ct);
	const random = (range.flags & NF_NAT_RANGE_PROTO_RANDOM_ALL) !== 0;

	/* 1) The tuple as it is, or the mapping that its source has already. */
	if (maniptype === NF_NAT_MANIP_SRC && !random) {
		if (in_range(orig_tuple, range)) {
			if (!nf_nat_used_tuple(g, orig_tuple, ct)) {
				tuple.copy(orig_tuple);
				return;
			}
		} else if (find_appropriate_src(g, nf_ct_net(ct), zone, orig_tuple, tuple, range)) {
			if (!nf_nat_used_tuple(g, tuple, ct)) return;
		}
	}

	/* 2) An address. */
	tuple.copy(orig_tuple);
	find_best_ips_proto(zone, tuple, range, ct, maniptype);

	/* 3) The port stays when it may and nobody has it. */
	if (!random) {
		if ((range.flags & NF_NAT_RANGE_PROTO_SPECIFIED) !== 0) {
			if (
				(range.flags & NF_NAT_RANGE_PROTO_OFFSET) === 0 &&
				l4proto_in_range(
					tuple,
					maniptype,
					range.min_proto,
					range.max_proto,
				) &&
				(range.min_proto === range.max_proto ||
					!nf_nat_used_tuple(g, tuple, ct))
			)
				return;
		} else if (!nf_nat_used_tuple(g, tuple, ct)) {
			return;
		}
	}

	nf_nat_l4proto_unique_tuple(g, tuple, range, maniptype, ct);
}

/**
 * Gives a new connection a NAT part.
 * @returns it, or null when the connection is confirmed and has none
 * @kernel net/netfilter/nf_nat_core.c:586 (v5.10)
 */
export function nf_ct_nat_ext_add(ct: nf_conn): nf_conn_nat | null {
	const nat = nfct_nat(ct);
	if (nat !== null) return nat;
	if (!nf_ct_is_confirmed(ct)) ct.nat = new nf_conn_nat();
	return ct.nat;
}

/**
 * Settles NAT of one kind for a new connection.
 * @param range what may be chosen
 * @param maniptype NF_NAT_MANIP_*
 * @returns NF_ACCEPT, or NF_DROP when it was settled before
 * @kernel net/netfilter/nf_nat_core.c:600 (v5.10)
 */
export function nf_nat_setup_info(
	ct: nf_conn,
	range: Readonly<nf_nat_range2>,
	maniptype: number,
): number {
	const net = nf_ct_net(ct);
	const g = nf_nat_vars.of(net.machine);
	const { curr_tuple, new_tuple } = g;

	if (nf_ct_is_confirmed(ct)) return NF_ACCEPT;
	if (nf_nat_initialized(ct, maniptype)) {
		net.machine.record('WARN', 'nf_nat_setup_info', 'settled already');
		return NF_DROP;
	}

	/* As packets look now: the inverse of the answers, which NAT of the other kind may have changed. */
	nf_ct_invert_tuple(curr_tuple, ct.tuplehash_of(IP_CT_DIR_REPLY).tuple);

	get_unique_tuple(g, new_tuple, curr_tuple, range, ct, maniptype);

	if (!nf_ct_tuple_equal(new_tuple, curr_tuple)) {
		nf_ct_invert_tuple(g.reply, new_tuple);
		nf_conntrack_alter_reply(ct, g.reply);
		ct.status |= maniptype === NF_NAT_MANIP_SRC ? IPS_SRC_NAT : IPS_DST_NAT;
	}

	if (maniptype === NF_NAT_MANIP_SRC) {
		const srchash = hash_by_src(g, net, ct.tuplehash_of(IP_CT_DIR_ORIGINAL).tuple);
		const first = g.nf_nat_bysource[srchash];
		ct.nat_bysource_next = first;
		ct.nat_bysource_prev = null;
		ct.nat_bysource_hash = srchash;
		if (first !== null) first.nat_bysource_prev = ct;
		g.nf_nat_bysource[srchash] = ct;
	}

	ct.status |= maniptype === NF_NAT_MANIP_DST ? IPS_DST_NAT_DONE : IPS_SRC_NAT_DONE;
	return NF_ACCEPT;
}

/**
 * Settles NAT of one kind so that addresses stay.
 * @param manip NF_NAT_MANIP_*
 * @returns as nf_nat_setup_info()
 * @kernel net/netfilter/nf_nat_core.c:669 (v5.10)
 */
function __nf_nat_alloc_null_binding(ct: nf_conn, manip: number): number {
	const range = nf_nat_vars.of(ct.ct_net.machine).null_range;
	const reply = ct.tuplehash_of(IP_CT_DIR_REPLY).tuple;
	if (manip === NF_NAT_MANIP_SRC) reply.dst_u3(range.min_addr);
	else reply.src_u3(range.min_addr);
	range.max_addr.copy(range.min_addr);
	range.flags = NF_NAT_RANGE_MAP_IPS;
	return nf_nat_setup_info(ct, range, manip);
}

/**
 * Settles NAT of the kind that a hook does so that addresses stay.
 * @returns as nf_nat_setup_info()
 * @kernel net/netfilter/nf_nat_core.c:688 (v5.10)
 */
export function nf_nat_alloc_null_binding(ct: nf_conn, hooknum: number): number {
	return __nf_nat_alloc_null_binding(ct, HOOK2MANIP(hooknum));
}

/**
 * Changes a packet as its connection's NAT says.
 * @param ctinfo IP_CT_*
 * @returns a verdict
 * @kernel net/netfilter/nf_nat_core.c:695 (v5.10)
 */
export function nf_nat_packet(ct: nf_conn, ctinfo: number, hooknum: number, skb: sk_buff): number {
	const mtype = HOOK2MANIP(hooknum);
	const dir = CTINFO2DIR(ctinfo);
	let statusbit = mtype === NF_NAT_MANIP_SRC ? IPS_SRC_NAT : IPS_DST_NAT;

	/* The other way round for answers. */
	if (dir === IP_CT_DIR_REPLY) statusbit ^= IPS_NAT_MASK;

	if ((ct.status & statusbit) !== 0)
		return netfilter_hooks.of(skb.machine).nf_nat_hook!.manip_pkt!(skb, ct, mtype, dir);
	return NF_ACCEPT;
}

/**
 * The NAT hook: has the rules settle a new connection, then changes the packet.
 * @param priv chains of rules
 * @returns a verdict
 * @kernel net/netfilter/nf_nat_core.c:723 (v5.10)
 */
export function nf_nat_inet_fn(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const maniptype = HOOK2MANIP(state.hook);
	const ct = skb._nfct;
	const ctinfo = skb.nfctinfo;
	if (ct === null) return NF_ACCEPT;
	const nat = nfct_nat(ct);

	oif_changed: {
		switch (ctinfo) {
			case IP_CT_RELATED:
			case IP_CT_RELATED_REPLY:
			case IP_CT_NEW:
				if (!nf_nat_initialized(ct, maniptype)) {
					const e = (priv as nf_nat_lookup_hook_priv).entries;
					if (e !== null) {
						for (let i = 0; i < e.num_hook_entries; i++) {
							const ret = nf_hook_entry_hookfn(
								e.hooks[i],
								skb,
								state,
							);
							if (ret !== NF_ACCEPT) return ret;
							if (nf_nat_initialized(ct, maniptype))
								return nf_nat_packet(
									ct,
									ctinfo,
									state.hook,
									skb,
								);
						}
					}
					const ret = nf_nat_alloc_null_binding(ct, state.hook);
					if (ret !== NF_ACCEPT) return ret;
				} else if (nf_nat_oif_changed(state.hook, ctinfo, nat, state.out)) {
					break oif_changed;
				}
				break;
			default:
				if (
					ctinfo !== IP_CT_ESTABLISHED &&
					ctinfo !== IP_CT_ESTABLISHED_REPLY
				)
					skb.machine.record(
						'WARN',
						'nf_nat_inet_fn',
						`ctinfo ${ctinfo}`,
						skb,
					);
				if (nf_nat_oif_changed(state.hook, ctinfo, nat, state.out))
					break oif_changed;
		}
		return nf_nat_packet(ct, ctinfo, state.hook, skb);
	}
	nf_ct_kill_acct(ct, ctinfo, skb);
	return NF_DROP;
}

/** Whose connections go with NAT; 0 for all. */
class nf_nat_proto_clean_data {
	l3proto = 0;
	l4proto = 0;
}

/**
 * Chooses connections with NAT of a protocol.
 * @kernel net/netfilter/nf_nat_core.c:803 (v5.10)
 */
function nf_nat_proto_remove(i: nf_conn, clean: nf_nat_proto_clean_data): boolean {
	if (
		(clean.l3proto !== 0 && nf_ct_l3num(i) !== clean.l3proto) ||
		(clean.l4proto !== 0 && nf_ct_protonum(i) !== clean.l4proto)
	)
		return false;
	return (i.status & IPS_NAT_MASK) !== 0;
}

/**
 * Takes a connection out of the chains by source.
 * @kernel net/netfilter/nf_nat_core.c:814 (v5.10)
 */
function __nf_nat_cleanup_conntrack(ct: nf_conn): void {
	if (ct.nat_bysource_hash < 0) return;
	const g = nf_nat_vars.of(ct.ct_net.machine);
	if (ct.nat_bysource_prev !== null)
		ct.nat_bysource_prev.nat_bysource_next = ct.nat_bysource_next;
	else g.nf_nat_bysource[ct.nat_bysource_hash] = ct.nat_bysource_next;
	if (ct.nat_bysource_next !== null)
		ct.nat_bysource_next.nat_bysource_prev = ct.nat_bysource_prev;
	ct.nat_bysource_next = null;
	ct.nat_bysource_prev = null;
	ct.nat_bysource_hash = -1;
}

/**
 * Chooses connections with NAT; others forget that it was settled.
 * @kernel net/netfilter/nf_nat_core.c:824 (v5.10)
 */
function nf_nat_proto_clean(ct: nf_conn, data: nf_nat_proto_clean_data): boolean {
	if (nf_nat_proto_remove(ct, data)) return true;
	if ((ct.status & IPS_SRC_NAT_DONE) !== 0) {
		ct.status &= ~IPS_SRC_NAT_DONE;
		__nf_nat_cleanup_conntrack(ct);
	}
	return false;
}

/**
 * Lets NAT go of a connection that is freed.
 * @kernel net/netfilter/nf_nat_core.c:845 (v5.10)
 */
function nf_nat_cleanup_conntrack(ct: nf_conn): void {
	if ((ct.status & IPS_SRC_NAT_DONE) !== 0) __nf_nat_cleanup_conntrack(ct);
}

const nat_extend: nf_ct_ext_type = { id: 'NF_CT_EXT_NAT', destroy: nf_nat_cleanup_conntrack };

/**
 * Reads ports of a range.
 * @kernel net/netfilter/nf_nat_core.c:868 (v5.10)
 */
function nf_nat_l4proto_nlattr_to_range(tb: nlattrs, range: nf_nat_range2): void {
	const min = nla_get_u16(tb, CTA_PROTONAT_PORT_MIN);
	if (min !== null) {
		range.min_proto = min as __be16;
		range.max_proto = range.min_proto;
		range.flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
	}
	const max = nla_get_u16(tb, CTA_PROTONAT_PORT_MAX);
	if (max !== null) {
		range.max_proto = max as __be16;
		range.flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
	}
}

/**
 * Reads IPv4 addresses of a range.
 * @kernel net/netfilter/nf_nat_core.c:906 (v5.10)
 */
function nf_nat_ipv4_nlattr_to_range(tb: nlattrs, range: nf_nat_range2): void {
	const min = nla_get_u32(tb, CTA_NAT_V4_MINIP);
	if (min !== null) {
		range.min_addr.ip = min;
		range.flags |= NF_NAT_RANGE_MAP_IPS;
	}
	const max = nla_get_u32(tb, CTA_NAT_V4_MAXIP);
	if (max !== null) range.max_addr.ip = max;
	else range.max_addr.copy(range.min_addr);
}

/**
 * Reads IPv6 addresses of a range.
 * @kernel net/netfilter/nf_nat_core.c:922 (v5.10)
 */
function nf_nat_ipv6_nlattr_to_range(tb: nlattrs, range: nf_nat_range2): void {
	const min = nla_data(tb, CTA_NAT_V6_MINIP);
	if (min !== null && min.length === 16) {
		range.min_addr.set_in6(min);
		range.flags |= NF_NAT_RANGE_MAP_IPS;
	}
	const max = nla_data(tb, CTA_NAT_V6_MAXIP);
	if (max !== null && max.length === 16) range.max_addr.set_in6(max);
	else range.max_addr.copy(range.min_addr);
}

/**
 * Reads a range.
 * @returns 0, or -EPROTONOSUPPORT for a connection of neither IP family
 * @kernel net/netfilter/nf_nat_core.c:941 (v5.10)
 */
function nfnetlink_parse_nat(nat: nlattrs, ct: nf_conn, range: nf_nat_range2): number {
	switch (nf_ct_l3num(ct)) {
		case NFPROTO_IPV4:
			nf_nat_ipv4_nlattr_to_range(nat, range);
			break;
		case NFPROTO_IPV6:
			nf_nat_ipv6_nlattr_to_range(nat, range);
			break;
		default:
			return -EPROTONOSUPPORT;
	}
	const proto = nla_parse_nested(nat, CTA_NAT_PROTO);
	if (proto !== null) nf_nat_l4proto_nlattr_to_range(proto, range);
	return 0;
}

/**
 * Settles NAT of a connection that the user makes.
 * @param attr CTA_NAT_SRC or CTA_NAT_DST, null for none
 * @returns 0, -EEXIST when it was settled, -ENOMEM, or a negative errno
 * @kernel net/netfilter/nf_nat_core.c:977 (v5.10)
 */
function nfnetlink_parse_nat_setup(ct: nf_conn, manip: number, attr: nlattrs | null): number {
	if (nf_nat_initialized(ct, manip)) return -EEXIST;
	if (attr === null) return __nf_nat_alloc_null_binding(ct, manip) === NF_DROP ? -ENOMEM : 0;
	const range = new nf_nat_range2();
	const err = nfnetlink_parse_nat(attr, ct, range);
	if (err < 0) return err;
	return nf_nat_setup_info(ct, range, manip) === NF_DROP ? -ENOMEM : 0;
}

/**
 * Adds a chain of rules to entries; among equal priorities the last one runs first.
 * @returns the new entries
 * @kernel net/netfilter/core.c:185 (v5.10)
 */
function nf_hook_entries_insert_raw(
	old: nf_hook_entries | null,
	reg: nf_hook_ops,
	net: net,
): nf_hook_entries {
	const ops = old === null ? [] : old.ops.slice();
	let i = 0;
	while (i < ops.length && reg.priority > ops[i].priority) i++;
	ops.splice(i, 0, reg);
	return new nf_hook_entries(ops, net);
}

/**
 * Takes a chain of rules out of entries.
 * @returns the new entries, null when none is left
 * @kernel net/netfilter/core.c:507 (v5.10)
 */
function nf_hook_entries_delete_raw(
	old: nf_hook_entries,
	reg: nf_hook_ops,
	net: net,
): nf_hook_entries | null {
	const ops = old.ops.filter((o) => o !== reg);
	return ops.length === 0 ? null : new nf_hook_entries(ops, net);
}

/**
 * Registers a chain of NAT rules; the first of a family also registers the hooks of the stack.
 * @param pf NFPROTO_*
 * @param ops the chain
 * @param orig_nat_ops the family's hooks
 * @returns 0, -EINVAL for a hook where no NAT is done, or what registering says
 * @kernel net/netfilter/nf_nat_core.c:1015 (v5.10)
 */
export function nf_nat_register_fn(
	net: net,
	pf: number,
	ops: nf_hook_ops,
	orig_nat_ops: readonly nf_hook_ops[],
	ops_count: number,
): number {
	if (pf >= NFPROTO_NUMPROTO) return -EINVAL;
	const nat_proto_net = nat_net_var.of(net).nat_proto_net[pf];

	let i: number;
	for (i = 0; i < ops_count; i++) if (orig_nat_ops[i].hooknum === ops.hooknum) break;
	if (i === ops_count) {
		net.machine.record('WARN', 'nf_nat_register_fn', `no NAT at hook ${ops.hooknum}`);
		return -EINVAL;
	}

	if (nat_proto_net.nat_hook_ops === null) {
		const nat_ops = orig_nat_ops.slice(0, ops_count).map((o) => ({
			...o,
			priv: new nf_nat_lookup_hook_priv(),
		}));
		const ret = nf_register_net_hooks(net, nat_ops);
		if (ret < 0) return ret;
		nat_proto_net.nat_hook_ops = nat_ops;
	}

	const priv = nat_proto_net.nat_hook_ops[i].priv as nf_nat_lookup_hook_priv;
	if (priv.entries !== null && priv.entries.num_hook_entries >= 1024) return -E2BIG;
	priv.entries = nf_hook_entries_insert_raw(priv.entries, ops, net);
	nat_proto_net.users++;
	return 0;
}

/**
 * Takes a chain of NAT rules out, and with the last the hooks of the stack.
 * @kernel net/netfilter/nf_nat_core.c:1090 (v5.10)
 */
export function nf_nat_unregister_fn(
	net: net,
	pf: number,
	ops: nf_hook_ops,
	ops_count: number,
): void {
	if (pf >= NFPROTO_NUMPROTO) return;
	const nat_proto_net = nat_net_var.of(net).nat_proto_net[pf];
	const nat_ops = nat_proto_net.nat_hook_ops;
	if (nat_proto_net.users === 0 || nat_ops === null) {
		net.machine.record('WARN', 'nf_nat_unregister_fn', 'no users');
		return;
	}
	nat_proto_net.users--;

	let i: number;
	for (i = 0; i < ops_count; i++) if (nat_ops[i].hooknum === ops.hooknum) break;
	if (i === ops_count) {
		net.machine.record('WARN', 'nf_nat_unregister_fn', `no NAT at hook ${ops.hooknum}`);
		return;
	}
	const priv = nat_ops[i].priv as nf_nat_lookup_hook_priv;
	if (priv.entries !== null) priv.entries = nf_hook_entries_delete_raw(priv.entries, ops, net);

	if (nat_proto_net.users === 0) {
		nf_unregister_net_hooks(net, nat_ops);
		nat_proto_net.nat_hook_ops = null;
	}
}

/**
 * Boots NAT; nf_nat_proto_init() comes right after it.
 * @returns 0 or a negative errno
 * @kernel net/netfilter/nf_nat_core.c:1151 (v5.10)
 */
export function nf_nat_init(m: Machine): number {
	const g = nf_nat_vars.of(m);
	const size = Math.max(nf_conntrack_vars.of(m).nf_conntrack_htable_size, 1024);
	g.nf_nat_bysource = new Array<nf_conn | null>(size).fill(null);

	const ret = nf_ct_extend_register(m, nat_extend);
	if (ret < 0) return ret;

	const hooks = netfilter_hooks.of(m);
	if (hooks.nf_nat_hook !== null) m.record('WARN', 'nf_nat_init', 'initialized already');
	const nat_hook: nf_nat_hook = {
		parse_nat_setup: nfnetlink_parse_nat_setup,
		decode_session: __nf_nat_decode_session,
		manip_pkt: null,
	};
	hooks.nf_nat_hook = nat_hook;
	return 0;
}

/**
 * Takes NAT away, with the connections that use it.
 * @kernel net/netfilter/nf_nat_core.c:1189 (v5.10)
 */
export function nf_nat_cleanup(m: Machine): void {
	nf_ct_iterate_destroy(m, nf_nat_proto_clean, new nf_nat_proto_clean_data());
	nf_ct_extend_unregister(m, nat_extend);
	netfilter_hooks.of(m).nf_nat_hook = null;
}
