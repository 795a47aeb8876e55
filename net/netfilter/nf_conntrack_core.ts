// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_conntrack_core.c, base v5.10: the table of connections, and a packet's way to its own.
 *
 * One table a machine holds the connections of all namespaces, each under two tuples. A new connection is
 * kept aside until its packet has passed the last hook (nf_conntrack_confirm), so that a dropped packet
 * leaves nothing behind. Expired connections go when a lookup meets them or when the gc worker passes; one
 * that the flow table has taken over never expires.
 *
 * PORT: file-level variables are fields of `nf_conntrack_vars`, one a machine. One CPU and no concurrent
 * readers: locks, sequence counters and the re-checks after a reference was taken are gone; instead of
 * noticing by a nulls value that an element moved, a walk that removes starts over or stops. Protocols are
 * found in a table (include/net/netfilter/nf_conntrack_l4proto.ts says why); for the same reason
 * nf_l4proto_log_invalid() and nf_ct_l4proto_log_invalid() of nf_conntrack_proto.c stand here. The size of
 * the table is that of a machine with 1 to 4 GB. The hash of the namespace seeds the tuple hash as in C.
 * Not ported: expectations and helpers, event cache, time stamps, synproxy, timeout policies, GRE key maps
 * (each absent with its module), nf_conntrack_update() (packets that come back from user space).
 */
import type { net } from '../../include/net/net_namespace.ts';
import { net_eq } from '../../include/net/net_namespace.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { skb_network_offset } from '../../include/linux/skbuff.ts';
import type { nf_hook_state } from '../../include/linux/netfilter.ts';
import { HZ, get_random_bytes, machine_var, type Machine } from '../../include/linux/machine.ts';
import {
	delayed_work,
	cancel_delayed_work_sync,
	queue_delayed_work,
} from '../../include/linux/workqueue.ts';
import { __jhash_final, JHASH_INITVAL, jhash2 } from '../../include/linux/jhash.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import {
	hlist_nulls_add_fake,
	hlist_nulls_add_head,
	hlist_nulls_del,
	hlist_nulls_head,
	hlist_nulls_unhashed,
} from '../../include/linux/list_nulls.ts';
import { IP_OFFSET, net_hash_mix } from '../../include/net/ip.ts';
import { exthdr_pos } from '../../include/net/ipv6.ts';
import { nla_get_u16, nla_put_u16, type nlattrs } from '../../include/net/netlink.ts';
import {
	nf_conntrack_get,
	nf_conntrack_put,
} from '../../include/linux/netfilter/nf_conntrack_common.ts';
import {
	nf_ct_zone_dflt,
	nf_conntrack_zone,
} from '../../include/linux/netfilter/nf_conntrack_zones_common.ts';
import {
	NF_CT_DIRECTION,
	NF_CT_TUPLE_HASH_WORDS,
	NF_CT_TUPLE_WORDS,
	nf_conntrack_tuple,
	nf_ct_tuple_equal,
	type nf_conntrack_tuple_hash,
} from '../../include/net/netfilter/nf_conntrack_tuple.ts';
import {
	nf_conn,
	nf_ct_is_confirmed,
	nf_ct_is_dying,
	nf_ct_is_expired,
	nf_ct_is_template,
	nf_ct_l3num,
	nf_ct_net,
	nf_ct_offload_timeout,
	nf_ct_protonum,
	nf_ct_put,
	nf_ct_set,
	nf_ct_should_gc,
	nf_ct_tuplehash_to_ctrack,
	nfct_time_stamp,
} from '../../include/net/netfilter/nf_conntrack.ts';
import {
	nf_conn_acct_find,
	nf_ct_acct_ext_add,
} from '../../include/net/netfilter/nf_conntrack_acct.ts';
import { nf_ct_labels_ext_add } from '../../include/net/netfilter/nf_conntrack_labels.ts';
import {
	nf_ct_zone,
	nf_ct_zone_add,
	nf_ct_zone_equal,
	nf_ct_zone_tmpl,
} from '../../include/net/netfilter/nf_conntrack_zones.ts';
import {
	nf_conntrack_invert_icmp_tuple,
	nf_conntrack_invert_icmpv6_tuple,
	type nf_conntrack_l4proto,
} from '../../include/net/netfilter/nf_conntrack_l4proto.ts';
import { get_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import {
	IPHDR_daddr,
	IPHDR_frag_off,
	IPHDR_LEN,
	IPHDR_protocol,
	IPHDR_saddr,
} from '../../include/uapi/linux/ip.ts';
import { IPV6HDR_LEN, IPV6HDR_nexthdr, IPV6HDR_saddr } from '../../include/uapi/linux/ipv6.ts';
import {
	IPPROTO_ICMP,
	IPPROTO_ICMPV6,
	IPPROTO_RAW,
	IPPROTO_TCP,
	IPPROTO_UDP,
} from '../../include/uapi/linux/in.ts';
import {
	NF_ACCEPT,
	NF_DROP,
	NF_REPEAT,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
} from '../../include/uapi/linux/netfilter.ts';
import {
	IP_CT_ESTABLISHED,
	IP_CT_ESTABLISHED_REPLY,
	IP_CT_NEW,
	IP_CT_RELATED,
	IP_CT_RELATED_REPLY,
	IP_CT_UNTRACKED,
	IPS_ASSURED,
	IPS_CONFIRMED,
	IPS_DYING,
	IPS_EXPECTED,
	IPS_FIXED_TIMEOUT,
	IPS_NAT_CLASH,
	IPS_NAT_DONE_MASK,
	IPS_OFFLOAD,
	IPS_SEEN_REPLY,
	IPS_TEMPLATE,
} from '../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import {
	CTINFO2DIR,
	IP_CT_DIR_ORIGINAL,
	IP_CT_DIR_REPLY,
} from '../../include/uapi/linux/netfilter/nf_conntrack_tuple_common.ts';
import {
	CTA_PROTO_DST_PORT,
	CTA_PROTO_SRC_PORT,
} from '../../include/uapi/linux/netfilter/nfnetlink_conntrack.ts';
import { EEXIST, EINVAL, ENOMEM } from '../../include/uapi/linux/errno.ts';
import { skb_header_pointer_off } from '../core/skbuff.ts';
import { ipv6_skip_exthdr } from '../ipv6/exthdrs_core.ts';
import { netfilter_hooks, type nf_ct_hook } from './core.ts';
import { nf_ct_ext_destroy } from './nf_conntrack_extend.ts';
import {
	CTA_FILTER_F_CTA_PROTO_DST_PORT,
	CTA_FILTER_F_CTA_PROTO_SRC_PORT,
} from './nf_internals.ts';
import { nf_log_packet } from './nf_log.ts';

type tuple_head = hlist_nulls_head<nf_conntrack_tuple_hash>;

/** State of the worker that removes expired connections. */
class conntrack_gc_work {
	readonly dwork: delayed_work;
	last_bucket = 0;
	exiting = false;
	early_drop = false;
	/** Jiffies. */
	next_gc_run = 0;

	constructor(dwork: delayed_work) {
		this.dwork = dwork;
	}
}

/** The file-level variables of connection tracking, of one machine. */
class conntrack_globals {
	/** Chains, made when something is put on them. */
	nf_conntrack_hash: (tuple_head | null)[] = [];
	nf_conntrack_htable_size = 0;
	nf_conntrack_max = 0;
	readonly nf_conntrack_hash_rnd: number;
	readonly ct_id_seed: number;
	readonly gc_work: conntrack_gc_work;
	/** Protocols by number, see nf_conntrack_proto_init(). */
	readonly protos: nf_conntrack_l4proto[] = [];
	/* variables on the stack in C; none is in use across a call that may lead here again */
	readonly tuple = new nf_conntrack_tuple(null);
	readonly repl_tuple = new nf_conntrack_tuple(null);
	readonly words = new Int32Array(NF_CT_TUPLE_WORDS);
	readonly zone = new nf_conntrack_zone();
	readonly pos = new exthdr_pos();
	/** Layer 4 protocol that get_l4proto() found. */
	l4num = 0;
	/* rate limit of the message about a full table */
	warn_begin = -Infinity;
	warn_count = 0;

	constructor(m: Machine) {
		const rnd = new Uint8Array(8);
		get_random_bytes(m, rnd);
		this.nf_conntrack_hash_rnd = get_unaligned_be32(rnd, 0) | 0;
		this.ct_id_seed = get_unaligned_be32(rnd, 4);
		this.gc_work = new conntrack_gc_work(new delayed_work(m, () => gc_worker(this)));
	}
}

export const nf_conntrack_vars = machine_var((m) => new conntrack_globals(m));

/* one run of the gc worker looks at one part in so many of the table */
const GC_MAX_BUCKETS_DIV = 128;
/* longest time for a scan of the whole table */
const GC_MAX_SCAN_JIFFIES = 16 * HZ;
/* percentage of expired entries above which the worker hurries */
const GC_EVICT_RATIO = 50;

/**
 * Logs a packet that a protocol finds invalid, when the namespace wants that.
 * @param pf NFPROTO_*
 * @param msg what is wrong
 * @kernel net/netfilter/nf_conntrack_proto.c:51 (v5.10)
 */
export function nf_l4proto_log_invalid(
	skb: sk_buff,
	net: net,
	pf: number,
	protonum: number,
	msg: string,
): void {
	if (net.ct.sysctl_log_invalid !== protonum && net.ct.sysctl_log_invalid !== IPPROTO_RAW)
		return;
	nf_log_packet(net, pf, 0, skb, null, null, null, `nf_ct_proto_${protonum}: ${msg} `);
}

/**
 * Logs a packet that is invalid in its connection, when the namespace wants that.
 * @kernel net/netfilter/nf_conntrack_proto.c:74 (v5.10)
 */
export function nf_ct_l4proto_log_invalid(skb: sk_buff, ct: nf_conn, msg: string): void {
	const net = nf_ct_net(ct);
	if (net.ct.sysctl_log_invalid === 0) return;
	nf_l4proto_log_invalid(skb, net, nf_ct_l3num(ct), nf_ct_protonum(ct), msg);
}

/**
 * Removes a connection, without accounting.
 * @returns false when it was being removed already
 * @kernel include/net/netfilter/nf_conntrack.h:212 (v5.10)
 */
export function nf_ct_kill(ct: nf_conn): boolean {
	return nf_ct_delete(ct, 0, 0);
}

/**
 * Sets a connection's timeout and counts a packet.
 * @param extra_jiffies from now
 * @kernel include/net/netfilter/nf_conntrack.h:191 (v5.10)
 */
export function nf_ct_refresh_acct(
	ct: nf_conn,
	ctinfo: number,
	skb: sk_buff,
	extra_jiffies: number,
): void {
	__nf_ct_refresh_acct(ct, ctinfo, skb, extra_jiffies, true);
}

/**
 * Sets a connection's timeout.
 * @param extra_jiffies from now
 * @kernel include/net/netfilter/nf_conntrack.h:200 (v5.10)
 */
export function nf_ct_refresh(ct: nf_conn, skb: sk_buff, extra_jiffies: number): void {
	__nf_ct_refresh_acct(ct, 0, skb, extra_jiffies, false);
}

/**
 * Counts a packet of a direction.
 * @param dir IP_CT_DIR_*
 * @kernel include/net/netfilter/nf_conntrack_acct.h:71 (v5.10)
 */
export function nf_ct_acct_update(ct: nf_conn, dir: number, bytes: number): void {
	nf_ct_acct_add(ct, dir, 1, bytes);
}

/**
 * Confirms a packet's connection if it has one that is not in the table yet.
 * @returns NF_ACCEPT, or NF_DROP for a packet that must go
 * @kernel include/net/netfilter/nf_conntrack_core.h:56 (v5.10)
 */
export function nf_conntrack_confirm(skb: sk_buff): number {
	const ct = skb._nfct;
	if (ct !== null && !nf_ct_is_confirmed(ct)) return __nf_conntrack_confirm(skb);
	return NF_ACCEPT;
}

/**
 * Maps 32 random bits onto a range.
 * @kernel include/linux/kernel.h:293 (v5.10)
 */
function reciprocal_scale(val: number, ep_ro: number): number {
	return (((val >>> 0) * ep_ro) / 0x100000000) >>> 0;
}

/**
 * Hash of a tuple that the direction has no part in.
 * @returns 32 bits, signed
 * @kernel net/netfilter/nf_conntrack_core.c:186 (v5.10)
 */
function hash_conntrack_raw(g: conntrack_globals, tuple: nf_conntrack_tuple, net: net): number {
	const seed = g.nf_conntrack_hash_rnd ^ net_hash_mix(net);
	const { dst_u } = tuple;
	/* dst.u.all and dst.protonum */
	const u = (dst_u & ~0xffff) | ((dst_u >>> 8) & 0xff);
	/* PORT: jhash2() of the words, written out */
	let a = (JHASH_INITVAL + (NF_CT_TUPLE_HASH_WORDS << 2) + (seed ^ u)) | 0;
	let b = a;
	let c = a;
	a = (a + tuple.src_u3_0) | 0;
	b = (b + tuple.src_u3_1) | 0;
	c = (c + tuple.src_u3_2) | 0;
	a = (a - c) ^ ((c << 4) | (c >>> 28));
	c = (c + b) | 0;
	b = (b - a) ^ ((a << 6) | (a >>> 26));
	a = (a + c) | 0;
	c = (c - b) ^ ((b << 8) | (b >>> 24));
	b = (b + a) | 0;
	a = (a - c) ^ ((c << 16) | (c >>> 16));
	c = (c + b) | 0;
	b = (b - a) ^ ((a << 19) | (a >>> 13));
	a = (a + c) | 0;
	c = (c - b) ^ ((b << 4) | (b >>> 28));
	b = (b + a) | 0;
	a = (a + tuple.src_u3_3) | 0;
	b = (b + tuple.src_u) | 0;
	c = (c + tuple.dst_u3_0) | 0;
	a = (a - c) ^ ((c << 4) | (c >>> 28));
	c = (c + b) | 0;
	b = (b - a) ^ ((a << 6) | (a >>> 26));
	a = (a + c) | 0;
	c = (c - b) ^ ((b << 8) | (b >>> 24));
	b = (b + a) | 0;
	a = (a - c) ^ ((c << 16) | (c >>> 16));
	c = (c + b) | 0;
	b = (b - a) ^ ((a << 19) | (a >>> 13));
	a = (a + c) | 0;
	c = (c - b) ^ ((b << 4) | (b >>> 28));
	b = (b + a) | 0;
	a = (a + tuple.dst_u3_1) | 0;
	b = (b + tuple.dst_u3_2) | 0;
	c = (c + tuple.dst_u3_3) | 0;
	return __jhash_final(a, b, c) | 0;
}

/**
 * Bucket of a raw hash.
 * @kernel net/netfilter/nf_conntrack_core.c:205 (v5.10)
 */
function scale_hash(g: conntrack_globals, hash: number): number {
	return reciprocal_scale(hash, g.nf_conntrack_htable_size);
}

/**
 * Bucket of a tuple in a table of a given size.
 * @kernel net/netfilter/nf_conntrack_core.c:210 (v5.10)
 */
function __hash_conntrack(
	g: conntrack_globals,
	net: net,
	tuple: nf_conntrack_tuple,
	size: number,
): number {
	return reciprocal_scale(hash_conntrack_raw(g, tuple, net), size);
}

/**
 * Bucket of a tuple.
 * @kernel net/netfilter/nf_conntrack_core.c:217 (v5.10)
 */
function hash_conntrack(g: conntrack_globals, net: net, tuple: nf_conntrack_tuple): number {
	return scale_hash(g, hash_conntrack_raw(g, tuple, net));
}

/**
 * First element of a bucket.
 * @kernel PORT: chains are made on demand
 */
function hash_first(g: conntrack_globals, bucket: number): nf_conntrack_tuple_hash | null {
	const head = g.nf_conntrack_hash[bucket];
	return head === null ? null : head.first;
}

/**
 * Chain of a bucket, made when it is not there.
 * @kernel PORT: chains are made on demand
 */
function hash_head(hash: (tuple_head | null)[], bucket: number): tuple_head {
	let head = hash[bucket];
	if (head === null) {
		head = new hlist_nulls_head<nf_conntrack_tuple_hash>();
		hash[bucket] = head;
	}
	return head;
}

/**
 * Fills a tuple's ports.
 * @param dataoff of the transport header, from data
 * @returns false when the packet is short
 * @kernel net/netfilter/nf_conntrack_core.c:223 (v5.10)
 */
function nf_ct_get_tuple_ports(skb: sk_buff, dataoff: number, tuple: nf_conntrack_tuple): boolean {
	const p = skb_header_pointer_off(skb, dataoff, 4);
	if (p < 0) return false;
	tuple.src_u_all = skb.view.getUint16(p);
	tuple.dst_u_all = skb.view.getUint16(p + 2);
	return true;
}

/**
 * Fills a tuple from a packet.
 * @param nhoff of the network header, from data
 * @param dataoff of the transport header, from data
 * @param l3num NFPROTO_IPV4 or NFPROTO_IPV6
 * @returns false when the packet is short
 * @kernel net/netfilter/nf_conntrack_core.c:242 (v5.10)
 */
function nf_ct_get_tuple(
	g: conntrack_globals,
	skb: sk_buff,
	nhoff: number,
	dataoff: number,
	l3num: number,
	protonum: number,
	net: net,
	tuple: nf_conntrack_tuple,
): boolean {
	tuple.set_src_u(0, l3num);
	switch (l3num) {
		case NFPROTO_IPV4: {
			const ap = skb_header_pointer_off(skb, nhoff + IPHDR_saddr, 8);
			if (ap < 0) return false;
			tuple.set_u3_ip(
				skb.view.getInt32(ap),
				skb.view.getInt32(ap + IPHDR_daddr - IPHDR_saddr),
			);
			break;
		}
		case NFPROTO_IPV6: {
			const ap = skb_header_pointer_off(skb, nhoff + IPV6HDR_saddr, 32);
			if (ap < 0) return false;
			tuple.set_src_u3_in6(skb.head, ap);
			tuple.set_dst_u3_in6(skb.head, ap + 16);
			break;
		}
		default:
			tuple.clear();
			tuple.src_l3num = l3num;
			return true;
	}
	tuple.set_dst_u(0, protonum, IP_CT_DIR_ORIGINAL);

	switch (protonum) {
		case IPPROTO_ICMPV6:
		case IPPROTO_ICMP: {
			const pkt_to_tuple = g.protos[protonum].pkt_to_tuple;
			return pkt_to_tuple === null || pkt_to_tuple(skb, dataoff, net, tuple);
		}
		case IPPROTO_TCP:
		case IPPROTO_UDP:
			return nf_ct_get_tuple_ports(skb, dataoff, tuple);
		default:
			return true;
	}
}

/**
 * Finds the transport header of an IPv4 packet.
 * @param nhoff of the network header, from data
 * @returns its offset from data, -1 for a fragment or a broken header; the protocol is in g.l4num
 * @kernel net/netfilter/nf_conntrack_core.c:321 (v5.10)
 */
function ipv4_get_l4proto(g: conntrack_globals, skb: sk_buff, nhoff: number): number {
	const iph = skb_header_pointer_off(skb, nhoff, IPHDR_LEN);
	if (iph < 0) return -1;
	if ((skb.view.getUint16(iph + IPHDR_frag_off) & IP_OFFSET) !== 0) return -1;
	const dataoff = nhoff + ((skb.head[iph] & 0x0f) << 2);
	g.l4num = skb.head[iph + IPHDR_protocol];
	if (dataoff > skb.len) return -1;
	return dataoff;
}

/**
 * Finds the transport header of an IPv6 packet behind its extension headers.
 * @param nhoff of the network header, from data
 * @returns its offset from data, -1 for a fragment or a broken header; the protocol is in g.l4num
 * @kernel net/netfilter/nf_conntrack_core.c:351 (v5.10)
 */
function ipv6_get_l4proto(g: conntrack_globals, skb: sk_buff, nhoff: number): number {
	const p = skb_header_pointer_off(skb, nhoff + IPV6HDR_nexthdr, 1);
	if (p < 0) return -1;
	const { pos } = g;
	pos.nexthdr = skb.head[p];
	const protoff = ipv6_skip_exthdr(skb, nhoff + IPV6HDR_LEN, pos);
	/* At the end of the packet there is no data, but it is tracked all the same. */
	if (protoff < 0 || (pos.frag_off & ~0x7) !== 0) return -1;
	g.l4num = pos.nexthdr;
	return protoff;
}

/**
 * Finds the transport header of a packet.
 * @param pf NFPROTO_*
 * @returns its offset from data, not positive when there is none; the protocol is in g.l4num
 * @kernel net/netfilter/nf_conntrack_core.c:379 (v5.10)
 */
function get_l4proto(g: conntrack_globals, skb: sk_buff, nhoff: number, pf: number): number {
	switch (pf) {
		case NFPROTO_IPV4:
			return ipv4_get_l4proto(g, skb, nhoff);
		case NFPROTO_IPV6:
			return ipv6_get_l4proto(g, skb, nhoff);
		default:
			g.l4num = 0;
			return -1;
	}
}

/**
 * Fills a tuple from the headers at an offset.
 * @param nhoff of the network header, from data
 * @param l3num NFPROTO_IPV4 or NFPROTO_IPV6
 * @returns false when they are no tuple
 * @kernel net/netfilter/nf_conntrack_core.c:396 (v5.10)
 */
export function nf_ct_get_tuplepr(
	skb: sk_buff,
	nhoff: number,
	l3num: number,
	net: net,
	tuple: nf_conntrack_tuple,
): boolean {
	const g = nf_conntrack_vars.of(net.machine);
	const protoff = get_l4proto(g, skb, nhoff, l3num);
	if (protoff <= 0) return false;
	return nf_ct_get_tuple(g, skb, nhoff, protoff, l3num, g.l4num, net, tuple);
}

/**
 * Fills the tuple of the packets that answer another.
 * @param inverse filled; not the same object as orig
 * @returns false when nothing can answer it
 * @kernel net/netfilter/nf_conntrack_core.c:412 (v5.10)
 */
export function nf_ct_invert_tuple(inverse: nf_conntrack_tuple, orig: nf_conntrack_tuple): boolean {
	const protonum = orig.dst_protonum;
	const dir = orig.dst_dir === IP_CT_DIR_ORIGINAL ? IP_CT_DIR_REPLY : IP_CT_DIR_ORIGINAL;
	inverse.src_u3_from_dst(orig);
	inverse.dst_u3_from_src(orig);
	inverse.set_src_u(orig.dst_u_all, orig.src_l3num);
	inverse.set_dst_u(orig.src_u_all, protonum, dir);
	switch (protonum) {
		case IPPROTO_ICMP:
			return nf_conntrack_invert_icmp_tuple(inverse, orig);
		case IPPROTO_ICMPV6:
			return nf_conntrack_invert_icmpv6_tuple(inverse, orig);
	}
	return true;
}

/**
 * A number that almost surely names one connection, the same for all its life.
 * PORT: an object has no address; the original tuple and the namespace make the number.
 * @returns 32 bits, unsigned
 * @kernel net/netfilter/nf_conntrack_core.c:464 (v5.10)
 */
export function nf_ct_get_id(ct: nf_conn): number {
	const g = nf_conntrack_vars.of(ct.ct_net.machine);
	const words = ct.tuplehash_of(IP_CT_DIR_ORIGINAL).tuple.to_words(g.words);
	const seed = g.ct_id_seed ^ ct.ct_net.inum ^ (ct.zone.id << 16);
	return jhash2(words, NF_CT_TUPLE_WORDS, seed);
}

/**
 * Takes a connection out of the table.
 * @kernel net/netfilter/nf_conntrack_core.c:486 (v5.10)
 */
function clean_from_lists(ct: nf_conn): void {
	hlist_nulls_del(ct.tuplehash_of(IP_CT_DIR_ORIGINAL));
	hlist_nulls_del(ct.tuplehash_of(IP_CT_DIR_REPLY));
}

/**
 * Puts a connection on the list of those that wait for their last reference to go.
 * @kernel net/netfilter/nf_conntrack_core.c:497 (v5.10)
 */
function nf_ct_add_to_dying_list(ct: nf_conn): void {
	hlist_nulls_add_head(ct.tuplehash_of(IP_CT_DIR_ORIGINAL), nf_ct_net(ct).ct.pcpu_lists.dying);
}

/**
 * Puts a connection on the list of new ones.
 * @kernel net/netfilter/nf_conntrack_core.c:512 (v5.10)
 */
function nf_ct_add_to_unconfirmed_list(ct: nf_conn): void {
	hlist_nulls_add_head(
		ct.tuplehash_of(IP_CT_DIR_ORIGINAL),
		nf_ct_net(ct).ct.pcpu_lists.unconfirmed,
	);
}

/**
 * Takes a connection off either list.
 * @kernel net/netfilter/nf_conntrack_core.c:527 (v5.10)
 */
function nf_ct_del_from_dying_or_unconfirmed_list(ct: nf_conn): void {
	const h = ct.tuplehash_of(IP_CT_DIR_ORIGINAL);
	if (hlist_nulls_unhashed(h))
		ct.ct_net.machine.record(
			'BUG',
			'nf_ct_del_from_dying_or_unconfirmed_list',
			'connection is on no list',
		);
	hlist_nulls_del(h);
}

/**
 * Makes a template: no connection, but a packet's wish for the zone its connection shall be in.
 * @returns the template, without a reference
 * @kernel net/netfilter/nf_conntrack_core.c:543 (v5.10)
 */
export function nf_ct_tmpl_alloc(net: net, zone: Readonly<nf_conntrack_zone>): nf_conn {
	const tmpl = new nf_conn(net, destroy_conntrack);
	tmpl.status = IPS_TEMPLATE;
	nf_ct_zone_add(tmpl, zone);
	return tmpl;
}

/**
 * Frees a template.
 * @kernel net/netfilter/nf_conntrack_core.c:575 (v5.10)
 */
export function nf_ct_tmpl_free(tmpl: nf_conn): void {
	nf_ct_ext_destroy(tmpl);
}

/**
 * Destroys a connection whose last reference is gone.
 * @kernel net/netfilter/nf_conntrack_core.c:597 (v5.10)
 */
function destroy_conntrack(ct: nf_conn): void {
	if (ct.ct_general_use !== 0)
		ct.ct_net.machine.record('WARN', 'destroy_conntrack', 'connection is in use');
	if (nf_ct_is_template(ct)) {
		nf_ct_tmpl_free(ct);
		return;
	}
	nf_ct_del_from_dying_or_unconfirmed_list(ct);
	if (ct.master !== null) nf_ct_put(ct.master);
	nf_conntrack_free(ct);
}

/**
 * Moves a connection from the table to the list of dying ones.
 * @kernel net/netfilter/nf_conntrack_core.c:631 (v5.10)
 */
function nf_ct_delete_from_lists(ct: nf_conn): void {
	clean_from_lists(ct);
	nf_ct_add_to_dying_list(ct);
}

/**
 * Removes a connection; packets that hold it keep it until they go.
 * @param _portid who asked, 0 for the kernel
 * @param _report whether they want to be told
 * @returns false when it was being removed already
 * @kernel net/netfilter/nf_conntrack_core.c:656 (v5.10)
 */
export function nf_ct_delete(ct: nf_conn, _portid: number, _report: number): boolean {
	if ((ct.status & IPS_DYING) !== 0) return false;
	ct.status |= IPS_DYING;
	nf_ct_delete_from_lists(ct);
	nf_ct_put(ct);
	return true;
}

/**
 * Tells whether a table entry is the one of a tuple, zone and namespace.
 * @kernel net/netfilter/nf_conntrack_core.c:685 (v5.10)
 */
function nf_ct_key_equal(
	h: nf_conntrack_tuple_hash,
	tuple: nf_conntrack_tuple,
	zone: Readonly<nf_conntrack_zone>,
	net: net,
): boolean {
	const ct = nf_ct_tuplehash_to_ctrack(h);
	return (
		nf_ct_tuple_equal(tuple, h.tuple) &&
		nf_ct_zone_equal(ct, zone, NF_CT_DIRECTION(h)) &&
		nf_ct_is_confirmed(ct) &&
		net_eq(net, nf_ct_net(ct))
	);
}

/**
 * Tells whether two connections are alike in both directions.
 * @kernel net/netfilter/nf_conntrack_core.c:702 (v5.10)
 */
function nf_ct_match(ct1: nf_conn, ct2: nf_conn): boolean {
	return (
		nf_ct_tuple_equal(ct1.tuplehash_of(0).tuple, ct2.tuplehash_of(0).tuple) &&
		nf_ct_tuple_equal(ct1.tuplehash_of(1).tuple, ct2.tuplehash_of(1).tuple) &&
		nf_ct_zone_equal(ct1, nf_ct_zone(ct2), IP_CT_DIR_ORIGINAL) &&
		nf_ct_zone_equal(ct1, nf_ct_zone(ct2), IP_CT_DIR_REPLY) &&
		net_eq(nf_ct_net(ct1), nf_ct_net(ct2))
	);
}

/**
 * Removes a connection if its time is over.
 * @returns whether it was removed
 * @kernel net/netfilter/nf_conntrack_core.c:714 (v5.10)
 */
function nf_ct_gc_expired(ct: nf_conn): boolean {
	if (ct.ct_general_use === 0) return false;
	nf_conntrack_get(ct);
	const killed = nf_ct_should_gc(ct) && nf_ct_kill(ct);
	nf_ct_put(ct);
	return killed;
}

/**
 * Finds the table entry of a tuple; removes expired ones on the way.
 * @param hash hash_conntrack_raw() of the tuple
 * @returns the entry, no reference taken, or null
 * @kernel net/netfilter/nf_conntrack_core.c:731 (v5.10)
 */
function ____nf_conntrack_find(
	g: conntrack_globals,
	net: net,
	zone: Readonly<nf_conntrack_zone>,
	tuple: nf_conntrack_tuple,
	hash: number,
): nf_conntrack_tuple_hash | null {
	const now = nfct_time_stamp(net);
	const bucket = scale_hash(g, hash);
	let h = hash_first(g, bucket);
	while (h !== null) {
		const ct = nf_ct_tuplehash_to_ctrack(h);
		if (((ct.timeout - now) | 0) <= 0) {
			/* PORT: the element may be on another list now; from the start again */
			h = nf_ct_gc_expired(ct) ? hash_first(g, bucket) : h.hnnode_next;
			continue;
		}
		if (nf_ct_key_equal(h, tuple, zone, net)) return h;
		h = h.hnnode_next;
	}
	return null;
}

/**
 * Finds the table entry of a tuple.
 * @param hash hash_conntrack_raw() of the tuple
 * @returns the entry with a reference on its connection, or null
 * @kernel net/netfilter/nf_conntrack_core.c:770 (v5.10)
 */
function __nf_conntrack_find_get(
	g: conntrack_globals,
	net: net,
	zone: Readonly<nf_conntrack_zone>,
	tuple: nf_conntrack_tuple,
	hash: number,
): nf_conntrack_tuple_hash | null {
	const h = ____nf_conntrack_find(g, net, zone, tuple, hash);
	if (h !== null) nf_conntrack_get(nf_ct_tuplehash_to_ctrack(h));
	return h;
}

/**
 * Finds the table entry of a tuple.
 * @returns the entry with a reference on its connection, or null
 * @kernel net/netfilter/nf_conntrack_core.c:801 (v5.10)
 */
export function nf_conntrack_find_get(
	net: net,
	zone: Readonly<nf_conntrack_zone>,
	tuple: nf_conntrack_tuple,
): nf_conntrack_tuple_hash | null {
	const g = nf_conntrack_vars.of(net.machine);
	return __nf_conntrack_find_get(g, net, zone, tuple, hash_conntrack_raw(g, tuple, net));
}

/**
 * Puts a connection into the table.
 * @param hash bucket of the original tuple
 * @param reply_hash bucket of the reply tuple
 * @kernel net/netfilter/nf_conntrack_core.c:809 (v5.10)
 */
function __nf_conntrack_hash_insert(
	g: conntrack_globals,
	ct: nf_conn,
	hash: number,
	reply_hash: number,
): void {
	const table = g.nf_conntrack_hash;
	hlist_nulls_add_head(ct.tuplehash_of(IP_CT_DIR_ORIGINAL), hash_head(table, hash));
	hlist_nulls_add_head(ct.tuplehash_of(IP_CT_DIR_REPLY), hash_head(table, reply_hash));
}

/**
 * Looks for a tuple in a bucket.
 * @returns the entry or null
 * @kernel PORT: the loop that three functions share
 */
function hash_lookup(
	g: conntrack_globals,
	bucket: number,
	tuple: nf_conntrack_tuple,
	zone: Readonly<nf_conntrack_zone>,
	net: net,
): nf_conntrack_tuple_hash | null {
	for (let h = hash_first(g, bucket); h !== null; h = h.hnnode_next)
		if (nf_ct_key_equal(h, tuple, zone, net)) return h;
	return null;
}

/**
 * Puts a connection that the user made into the table, unless either tuple is there.
 * @returns 0 or -EEXIST
 * @kernel net/netfilter/nf_conntrack_core.c:820 (v5.10)
 */
export function nf_conntrack_hash_check_insert(ct: nf_conn): number {
	const net = nf_ct_net(ct);
	const g = nf_conntrack_vars.of(net.machine);
	const zone = nf_ct_zone(ct);
	const orig = ct.tuplehash_of(IP_CT_DIR_ORIGINAL).tuple;
	const repl = ct.tuplehash_of(IP_CT_DIR_REPLY).tuple;
	const hash = hash_conntrack(g, net, orig);
	const reply_hash = hash_conntrack(g, net, repl);
	if (hash_lookup(g, hash, orig, zone, net) !== null) return -EEXIST;
	if (hash_lookup(g, reply_hash, repl, zone, net) !== null) return -EEXIST;
	ct.ct_general_use = 2;
	__nf_conntrack_hash_insert(g, ct, hash, reply_hash);
	net.ct.stat.insert++;
	return 0;
}

/**
 * Counts packets of a direction.
 * @param dir IP_CT_DIR_*
 * @kernel net/netfilter/nf_conntrack_core.c:867 (v5.10)
 */
export function nf_ct_acct_add(ct: nf_conn, dir: number, packets: number, bytes: number): void {
	const acct = nf_conn_acct_find(ct);
	if (acct === null) return;
	const counter = acct.counter[dir as 0 | 1];
	counter.packets += packets;
	counter.bytes += bytes;
}

/**
 * Adds the packet that a losing connection has counted to the winner.
 * @kernel net/netfilter/nf_conntrack_core.c:882 (v5.10)
 */
function nf_ct_acct_merge(ct: nf_conn, ctinfo: number, loser_ct: nf_conn): void {
	const acct = nf_conn_acct_find(loser_ct);
	if (acct === null) return;
	const dir = CTINFO2DIR(ctinfo);
	nf_ct_acct_update(ct, dir, acct.counter[dir as 0 | 1].bytes);
}

/**
 * Gives the table its reference and marks a connection confirmed.
 * @kernel net/netfilter/nf_conntrack_core.c:898 (v5.10)
 */
function __nf_conntrack_insert_prepare(ct: nf_conn): void {
	ct.ct_general_use++;
	ct.status |= IPS_CONFIRMED;
}

/**
 * Gives a packet the connection that is in the table already, if that one is as good.
 * @param h entry of the winner
 * @returns NF_ACCEPT or NF_DROP
 * @kernel net/netfilter/nf_conntrack_core.c:912 (v5.10)
 */
function __nf_ct_resolve_clash(skb: sk_buff, h: nf_conntrack_tuple_hash): number {
	const ct = nf_ct_tuplehash_to_ctrack(h);
	const loser_ct = skb._nfct!;
	const ctinfo = skb.nfctinfo;
	if (nf_ct_is_dying(ct)) return NF_DROP;
	if ((ct.status & IPS_NAT_DONE_MASK) === 0 || nf_ct_match(ct, loser_ct)) {
		nf_conntrack_get(ct);
		nf_ct_acct_merge(ct, ctinfo, loser_ct);
		nf_ct_add_to_dying_list(loser_ct);
		nf_conntrack_put(loser_ct);
		nf_ct_set(skb, ct, ctinfo);
		nf_ct_net(ct).ct.stat.clash_resolve++;
		return NF_ACCEPT;
	}
	return NF_DROP;
}

/**
 * Inserts a clashing connection in its reply direction only, for a second.
 * @param repl_idx bucket of the reply tuple
 * @returns NF_ACCEPT or NF_DROP
 * @kernel net/netfilter/nf_conntrack_core.c:958 (v5.10)
 */
function nf_ct_resolve_clash_harder(g: conntrack_globals, skb: sk_buff, repl_idx: number): number {
	const loser_ct = skb._nfct!;
	const net = nf_ct_net(loser_ct);
	const repl = loser_ct.tuplehash_of(IP_CT_DIR_REPLY);
	const h = hash_lookup(g, repl_idx, repl.tuple, nf_ct_zone(loser_ct), net);
	if (h !== null) return __nf_ct_resolve_clash(skb, h);

	loser_ct.timeout = (nfct_time_stamp(net) + HZ) | 0;
	loser_ct.status |= IPS_FIXED_TIMEOUT | IPS_NAT_CLASH;
	__nf_conntrack_insert_prepare(loser_ct);
	hlist_nulls_add_fake(loser_ct.tuplehash_of(IP_CT_DIR_ORIGINAL));
	hlist_nulls_add_head(repl, hash_head(g.nf_conntrack_hash, repl_idx));
	net.ct.stat.clash_resolve++;
	return NF_ACCEPT;
}

/**
 * Saves a packet whose new connection clashes with one in the table, where the protocol allows it.
 * @param h entry of the winner
 * @param reply_hash bucket of the loser's reply tuple
 * @returns NF_ACCEPT or NF_DROP
 * @kernel net/netfilter/nf_conntrack_core.c:1038 (v5.10)
 */
function nf_ct_resolve_clash(
	g: conntrack_globals,
	skb: sk_buff,
	h: nf_conntrack_tuple_hash,
	reply_hash: number,
): number {
	const ct = nf_ct_tuplehash_to_ctrack(h);
	const loser_ct = skb._nfct!;
	const net = nf_ct_net(loser_ct);
	if (g.protos[nf_ct_protonum(ct)].allow_clash) {
		let ret = __nf_ct_resolve_clash(skb, h);
		if (ret === NF_ACCEPT) return ret;
		ret = nf_ct_resolve_clash_harder(g, skb, reply_hash);
		if (ret === NF_ACCEPT) return ret;
	}
	nf_ct_add_to_dying_list(loser_ct);
	net.ct.stat.drop++;
	net.ct.stat.insert_failed++;
	return NF_DROP;
}

/**
 * Puts a packet's new connection into the table.
 * @returns NF_ACCEPT, or NF_DROP for a packet that must go
 * @kernel net/netfilter/nf_conntrack_core.c:1073 (v5.10)
 */
export function __nf_conntrack_confirm(skb: sk_buff): number {
	const ct = skb._nfct!;
	const net = nf_ct_net(ct);
	const g = nf_conntrack_vars.of(net.machine);

	/* An answer made here (a reset, an ICMP error) carries the connection in the other direction. */
	if (CTINFO2DIR(skb.nfctinfo) !== IP_CT_DIR_ORIGINAL) return NF_ACCEPT;

	const zone = nf_ct_zone(ct);
	const orig = ct.tuplehash_of(IP_CT_DIR_ORIGINAL);
	const repl = ct.tuplehash_of(IP_CT_DIR_REPLY);
	const hash = scale_hash(g, repl.hnnode_hash);
	const reply_hash = hash_conntrack(g, net, repl.tuple);

	if (nf_ct_is_confirmed(ct)) {
		net.machine.record('WARN', '__nf_conntrack_confirm', 'confirmed already', skb);
		return NF_DROP;
	}

	nf_ct_del_from_dying_or_unconfirmed_list(ct);

	if (nf_ct_is_dying(ct)) {
		nf_ct_add_to_dying_list(ct);
		net.ct.stat.insert_failed++;
		return NF_DROP;
	}

	let h = hash_lookup(g, hash, orig.tuple, zone, net);
	if (h !== null) return nf_ct_resolve_clash(g, skb, h, reply_hash);
	h = hash_lookup(g, reply_hash, repl.tuple, zone, net);
	if (h !== null) return nf_ct_resolve_clash(g, skb, h, reply_hash);

	/* Until now the timeout was a span. */
	ct.timeout = (ct.timeout + nfct_time_stamp(net)) | 0;
	__nf_conntrack_insert_prepare(ct);
	__nf_conntrack_hash_insert(g, ct, hash, reply_hash);
	return NF_ACCEPT;
}

/**
 * Tells whether a tuple is taken by another connection than the given one; NAT asks.
 * @kernel net/netfilter/nf_conntrack_core.c:1189 (v5.10)
 */
export function nf_conntrack_tuple_taken(
	tuple: nf_conntrack_tuple,
	ignored_conntrack: nf_conn,
): boolean {
	const net = nf_ct_net(ignored_conntrack);
	const g = nf_conntrack_vars.of(net.machine);
	const zone = nf_ct_zone(ignored_conntrack);
	const bucket = hash_conntrack(g, net, tuple);
	let h = hash_first(g, bucket);
	while (h !== null) {
		const ct = nf_ct_tuplehash_to_ctrack(h);
		if (ct === ignored_conntrack) {
			h = h.hnnode_next;
			continue;
		}
		if (nf_ct_is_expired(ct)) {
			h = nf_ct_gc_expired(ct) ? hash_first(g, bucket) : h.hnnode_next;
			continue;
		}
		/* The same flow twice is sorted out when it is confirmed. */
		if (
			nf_ct_key_equal(h, tuple, zone, net) &&
			!nf_ct_tuple_equal(
				ignored_conntrack.tuplehash_of(0).tuple,
				ct.tuplehash_of(0).tuple,
			)
		) {
			net.ct.stat.found++;
			return true;
		}
		h = h.hnnode_next;
	}
	return false;
}

const NF_CT_EVICTION_RANGE = 8;

/**
 * Removes unassured connections of a namespace from a bucket.
 * @returns how many
 * @kernel net/netfilter/nf_conntrack_core.c:1256 (v5.10)
 */
function early_drop_list(net: net, head: tuple_head | null): number {
	let drops = 0;
	if (head === null) return 0;
	let next: nf_conntrack_tuple_hash | null;
	for (let h = head.first; h !== null && h.hnnode_head === head; h = next) {
		next = h.hnnode_next;
		const tmp = nf_ct_tuplehash_to_ctrack(h);
		if ((tmp.status & IPS_OFFLOAD) !== 0) continue;
		if (nf_ct_is_expired(tmp)) {
			nf_ct_gc_expired(tmp);
			continue;
		}
		if (
			(tmp.status & IPS_ASSURED) !== 0 ||
			!net_eq(nf_ct_net(tmp), net) ||
			nf_ct_is_dying(tmp)
		)
			continue;
		nf_conntrack_get(tmp);
		if (nf_ct_is_confirmed(tmp) && nf_ct_delete(tmp, 0, 0)) drops++;
		nf_ct_put(tmp);
	}
	return drops;
}

/**
 * Makes room in a full table, in the buckets from a hash on.
 * @returns whether there is room now
 * @kernel net/netfilter/nf_conntrack_core.c:1301 (v5.10)
 */
function early_drop(g: conntrack_globals, net: net, hash: number): boolean {
	let bucket = 0;
	for (let i = 0; i < NF_CT_EVICTION_RANGE; i++) {
		const hsize = g.nf_conntrack_htable_size;
		bucket = i === 0 ? reciprocal_scale(hash, hsize) : (bucket + 1) % hsize;
		const drops = early_drop_list(net, g.nf_conntrack_hash[bucket]);
		if (drops !== 0) {
			net.ct.stat.early_drop += drops;
			return true;
		}
	}
	return false;
}

/**
 * Tells whether the gc worker leaves a connection alone.
 * @kernel net/netfilter/nf_conntrack_core.c:1328 (v5.10)
 */
function gc_worker_skip_ct(ct: nf_conn): boolean {
	return !nf_ct_is_confirmed(ct) || nf_ct_is_dying(ct);
}

/**
 * Tells whether the gc worker may remove a connection because the table is full.
 * @kernel net/netfilter/nf_conntrack_core.c:1333 (v5.10)
 */
function gc_worker_can_early_drop(g: conntrack_globals, ct: nf_conn): boolean {
	if ((ct.status & IPS_ASSURED) === 0) return true;
	const l4proto = g.protos[nf_ct_protonum(ct)];
	return l4proto.can_early_drop !== null && l4proto.can_early_drop(ct);
}

/**
 * Walks part of the table, removes what has expired, and keeps offloaded connections from expiring.
 * @kernel net/netfilter/nf_conntrack_core.c:1347 (v5.10)
 */
function gc_worker(g: conntrack_globals): void {
	const min_interval = Math.max(Math.trunc(HZ / GC_MAX_BUCKETS_DIV), 1);
	const { gc_work } = g;
	const goal = Math.trunc(g.nf_conntrack_htable_size / GC_MAX_BUCKETS_DIV);
	let nf_conntrack_max95 = 0;
	let buckets = 0;
	let expired_count = 0;
	let scanned = 0;
	let i = gc_work.last_bucket;
	if (gc_work.early_drop) nf_conntrack_max95 = Math.trunc(g.nf_conntrack_max / 100) * 95;

	do {
		i++;
		if (i >= g.nf_conntrack_htable_size) i = 0;
		const head = g.nf_conntrack_hash[i];
		if (head === null) continue;
		let next: nf_conntrack_tuple_hash | null;
		/* PORT: stops when the next element was removed together with this one */
		for (let h = head.first; h !== null && h.hnnode_head === head; h = next) {
			next = h.hnnode_next;
			const tmp = nf_ct_tuplehash_to_ctrack(h);
			scanned++;
			if ((tmp.status & IPS_OFFLOAD) !== 0) {
				nf_ct_offload_timeout(tmp);
				continue;
			}
			if (nf_ct_is_expired(tmp)) {
				nf_ct_gc_expired(tmp);
				expired_count++;
				continue;
			}
			if (nf_conntrack_max95 === 0 || gc_worker_skip_ct(tmp)) continue;
			if (nf_ct_net(tmp).ct.count < nf_conntrack_max95) continue;
			nf_conntrack_get(tmp);
			if (gc_worker_can_early_drop(g, tmp)) nf_ct_kill(tmp);
			nf_ct_put(tmp);
		}
	} while (++buckets < goal);

	if (gc_work.exiting) return;

	const ratio = scanned !== 0 ? Math.trunc((expired_count * 100) / scanned) : 0;
	if (ratio > GC_EVICT_RATIO) {
		gc_work.next_gc_run = min_interval;
	} else {
		const max = Math.trunc(GC_MAX_SCAN_JIFFIES / GC_MAX_BUCKETS_DIV);
		gc_work.next_gc_run += min_interval;
		if (gc_work.next_gc_run > max) gc_work.next_gc_run = max;
	}
	gc_work.last_bucket = i;
	gc_work.early_drop = false;
	queue_delayed_work(gc_work.dwork, gc_work.next_gc_run);
}

/**
 * Sets the gc worker up.
 * @kernel net/netfilter/nf_conntrack_core.c:1463 (v5.10)
 */
function conntrack_gc_work_init(gc_work: conntrack_gc_work): void {
	gc_work.next_gc_run = HZ;
	gc_work.exiting = false;
}

/**
 * Tells the kernel log that the table is full, ten times in five seconds at most.
 * @kernel PORT: net_warn_ratelimited of __nf_conntrack_alloc
 */
function warn_table_full(g: conntrack_globals, m: Machine): void {
	if (m.jiffies - g.warn_begin >= 5 * HZ) {
		g.warn_begin = m.jiffies;
		g.warn_count = 0;
	}
	if (g.warn_count++ < 10)
		m.printk('nf_conntrack: nf_conntrack: table full, dropping packet');
}

/**
 * Makes a connection.
 * @param hash raw hash of the original tuple, kept for confirmation; room is made around it
 * @returns the connection without a reference, or -ENOMEM when the table is full
 * @kernel net/netfilter/nf_conntrack_core.c:1471 (v5.10)
 */
function __nf_conntrack_alloc(
	net: net,
	zone: Readonly<nf_conntrack_zone>,
	orig: nf_conntrack_tuple,
	repl: nf_conntrack_tuple,
	hash: number,
): nf_conn | number {
	const g = nf_conntrack_vars.of(net.machine);
	net.ct.count++;
	if (g.nf_conntrack_max !== 0 && net.ct.count > g.nf_conntrack_max) {
		if (!early_drop(g, net, hash)) {
			g.gc_work.early_drop = true;
			net.ct.count--;
			warn_table_full(g, net.machine);
			return -ENOMEM;
		}
	}
	const ct = new nf_conn(net, destroy_conntrack);
	ct.tuplehash_of(IP_CT_DIR_ORIGINAL).tuple.copy(orig);
	ct.tuplehash_of(IP_CT_DIR_REPLY).tuple.copy(repl);
	ct.tuplehash_of(IP_CT_DIR_REPLY).hnnode_hash = hash;
	nf_ct_zone_add(ct, zone);
	return ct;
}

/**
 * Makes a connection for a caller that inserts it itself.
 * @returns the connection without a reference, or -ENOMEM when the table is full
 * @kernel net/netfilter/nf_conntrack_core.c:1526 (v5.10)
 */
export function nf_conntrack_alloc(
	net: net,
	zone: Readonly<nf_conntrack_zone>,
	orig: nf_conntrack_tuple,
	repl: nf_conntrack_tuple,
): nf_conn | number {
	return __nf_conntrack_alloc(net, zone, orig, repl, 0);
}

/**
 * Frees a connection that nobody refers to.
 * @kernel net/netfilter/nf_conntrack_core.c:1536 (v5.10)
 */
export function nf_conntrack_free(ct: nf_conn): void {
	const net = nf_ct_net(ct);
	if (ct.ct_general_use !== 0)
		net.machine.record('WARN', 'nf_conntrack_free', 'connection is in use');
	nf_ct_ext_destroy(ct);
	net.ct.count--;
}

/**
 * Begins a connection for a packet that belongs to none.
 * @param tuple of the packet
 * @param hash raw hash of the tuple
 * @returns its original entry, one reference taken for the packet; null when nothing can answer
 * the packet; -ENOMEM when the table is full
 * @kernel net/netfilter/nf_conntrack_core.c:1556 (v5.10)
 */
function init_conntrack(
	g: conntrack_globals,
	net: net,
	tmpl: nf_conn | null,
	tuple: nf_conntrack_tuple,
	skb: sk_buff,
	hash: number,
): nf_conntrack_tuple_hash | null | number {
	const { repl_tuple } = g;
	if (!nf_ct_invert_tuple(repl_tuple, tuple)) return null;

	const zone = nf_ct_zone_tmpl(tmpl, skb, g.zone);
	const ct = __nf_conntrack_alloc(net, zone, tuple, repl_tuple, hash);
	if (IS_ERR(ct)) return ct;

	nf_ct_acct_ext_add(ct);
	nf_ct_labels_ext_add(ct);

	nf_conntrack_get(ct);
	nf_ct_add_to_unconfirmed_list(ct);
	return ct.tuplehash_of(IP_CT_DIR_ORIGINAL);
}

/**
 * Finds or begins a packet's connection.
 * @param dataoff of the transport header, from data
 * @returns 0, the packet's connection being set unless it can have none; -ENOMEM when the table is full
 * @kernel net/netfilter/nf_conntrack_core.c:1648 (v5.10)
 */
function resolve_normal_ct(
	g: conntrack_globals,
	tmpl: nf_conn | null,
	skb: sk_buff,
	dataoff: number,
	protonum: number,
	state: nf_hook_state,
): number {
	const { tuple } = g;
	const { net } = state;
	if (
		!nf_ct_get_tuple(
			g,
			skb,
			skb_network_offset(skb),
			dataoff,
			state.pf,
			protonum,
			net,
			tuple,
		)
	)
		return 0;

	const zone = nf_ct_zone_tmpl(tmpl, skb, g.zone);
	const hash = hash_conntrack_raw(g, tuple, net);
	let h = __nf_conntrack_find_get(g, net, zone, tuple, hash);
	if (h === null) {
		const nh = init_conntrack(g, net, tmpl, tuple, skb, hash);
		if (nh === null) return 0;
		if (IS_ERR(nh)) return nh;
		h = nh;
	}
	const ct = nf_ct_tuplehash_to_ctrack(h);

	let ctinfo: number;
	if (NF_CT_DIRECTION(h) === IP_CT_DIR_REPLY) ctinfo = IP_CT_ESTABLISHED_REPLY;
	else if ((ct.status & IPS_SEEN_REPLY) !== 0) ctinfo = IP_CT_ESTABLISHED;
	else if ((ct.status & IPS_EXPECTED) !== 0) ctinfo = IP_CT_RELATED;
	else ctinfo = IP_CT_NEW;
	nf_ct_set(skb, ct, ctinfo);
	return 0;
}

/**
 * Looks at an ICMP message before its own connection is looked up: an error belongs to the connection it
 * reports about.
 * @returns NF_ACCEPT, or a negated verdict for a bad message
 * @kernel net/netfilter/nf_conntrack_core.c:1711 (v5.10)
 */
function nf_conntrack_handle_icmp(
	g: conntrack_globals,
	tmpl: nf_conn | null,
	skb: sk_buff,
	dataoff: number,
	protonum: number,
	state: nf_hook_state,
): number {
	if (
		!(state.pf === NFPROTO_IPV4 && protonum === IPPROTO_ICMP) &&
		!(state.pf === NFPROTO_IPV6 && protonum === IPPROTO_ICMPV6)
	)
		return NF_ACCEPT;
	const { error } = g.protos[protonum];
	const ret = error === null ? NF_ACCEPT : error(tmpl, skb, dataoff, state);
	if (ret <= 0) state.net.ct.stat.error++;
	return ret;
}

/**
 * Lets a protocol take a packet into its connection.
 * @returns a verdict, or a negated one for an invalid packet
 * @kernel net/netfilter/nf_conntrack_core.c:1747 (v5.10)
 */
function nf_conntrack_handle_packet(
	g: conntrack_globals,
	ct: nf_conn,
	skb: sk_buff,
	dataoff: number,
	ctinfo: number,
	state: nf_hook_state,
): number {
	return g.protos[nf_ct_protonum(ct)].packet(ct, skb, dataoff, ctinfo, state);
}

/**
 * Gives a packet its connection; the hook before all others but defragmentation and raw tables.
 * @returns a verdict
 * @kernel net/netfilter/nf_conntrack_core.c:1792 (v5.10)
 */
export function nf_conntrack_in(skb: sk_buff, state: nf_hook_state): number {
	const { net } = state;
	const g = nf_conntrack_vars.of(net.machine);
	const { stat } = net.ct;
	const tmpl = skb._nfct;
	if (tmpl !== null || skb.nfctinfo === IP_CT_UNTRACKED) {
		/* Seen before (loopback) or not to be tracked. */
		if (tmpl === null || !nf_ct_is_template(tmpl)) return NF_ACCEPT;
		if (skb.nfctinfo === IP_CT_UNTRACKED) return NF_ACCEPT;
		nf_ct_set(skb, null, 0);
	}

	let ret: number;
	out: {
		const dataoff = get_l4proto(g, skb, skb_network_offset(skb), state.pf);
		const protonum = g.l4num;
		if (dataoff <= 0) {
			stat.invalid++;
			ret = NF_ACCEPT;
			break out;
		}

		if (protonum === IPPROTO_ICMP || protonum === IPPROTO_ICMPV6) {
			ret = nf_conntrack_handle_icmp(g, tmpl, skb, dataoff, protonum, state);
			if (ret <= 0) {
				ret = -ret;
				break out;
			}
			if (skb._nfct !== null || skb.nfctinfo === IP_CT_UNTRACKED) break out;
		}
		for (;;) {
			ret = resolve_normal_ct(g, tmpl, skb, dataoff, protonum, state);
			if (ret < 0) {
				stat.drop++;
				ret = NF_DROP;
				break out;
			}

			const ct: nf_conn | null = skb._nfct;
			if (ct === null) {
				stat.invalid++;
				ret = NF_ACCEPT;
				break out;
			}

			const ctinfo = skb.nfctinfo;
			ret = nf_conntrack_handle_packet(g, ct, skb, dataoff, ctinfo, state);
			if (ret <= 0) {
				nf_conntrack_put(ct);
				nf_ct_set(skb, null, 0);
				stat.invalid++;
				if (ret === -NF_DROP) stat.drop++;
				/* A SYN that reopens a closed connection: the old one is gone, look again. */
				if (ret === -NF_REPEAT) continue;
				ret = -ret;
				break out;
			}

			if (ctinfo === IP_CT_ESTABLISHED_REPLY) ct.status |= IPS_SEEN_REPLY;
			break out;
		}
	}
	if (tmpl !== null) nf_ct_put(tmpl);
	return ret;
}

/**
 * Changes the reply tuple of a new connection, for NAT.
 * @kernel net/netfilter/nf_conntrack_core.c:1879 (v5.10)
 */
export function nf_conntrack_alter_reply(ct: nf_conn, newreply: nf_conntrack_tuple): void {
	if (nf_ct_is_confirmed(ct))
		ct.ct_net.machine.record(
			'WARN',
			'nf_conntrack_alter_reply',
			'connection is confirmed',
		);
	ct.tuplehash_of(IP_CT_DIR_REPLY).tuple.copy(newreply);
}

/**
 * Sets a connection's timeout unless it is fixed, and may count a packet.
 * @param extra_jiffies from now
 * @kernel net/netfilter/nf_conntrack_core.c:1901 (v5.10)
 */
export function __nf_ct_refresh_acct(
	ct: nf_conn,
	ctinfo: number,
	skb: sk_buff,
	extra_jiffies: number,
	do_acct: boolean,
): void {
	if ((ct.status & IPS_FIXED_TIMEOUT) === 0) {
		/* Before confirmation the timeout is a span. */
		if (nf_ct_is_confirmed(ct)) extra_jiffies += nfct_time_stamp(ct.ct_net);
		ct.timeout = extra_jiffies | 0;
	}
	if (do_acct) nf_ct_acct_update(ct, CTINFO2DIR(ctinfo), skb.len);
}

/**
 * Counts a packet and removes its connection.
 * @returns false when it was being removed already
 * @kernel net/netfilter/nf_conntrack_core.c:1923 (v5.10)
 */
export function nf_ct_kill_acct(ct: nf_conn, ctinfo: number, skb: sk_buff): boolean {
	nf_ct_acct_update(ct, CTINFO2DIR(ctinfo), skb.len);
	return nf_ct_delete(ct, 0, 0);
}

/**
 * Writes the ports of a tuple as attributes.
 * @kernel net/netfilter/nf_conntrack_core.c:1940 (v5.10)
 */
export function nf_ct_port_tuple_to_nlattr(tb: nlattrs, tuple: nf_conntrack_tuple): void {
	nla_put_u16(tb, CTA_PROTO_SRC_PORT, tuple.src_u_all);
	nla_put_u16(tb, CTA_PROTO_DST_PORT, tuple.dst_u_all);
}

/**
 * Reads the ports of a tuple from attributes.
 * @param flags CTA_FILTER_F_*: which ones are asked for
 * @returns 0, or -EINVAL when one is missing
 * @kernel net/netfilter/nf_conntrack_core.c:1959 (v5.10)
 */
export function nf_ct_port_nlattr_to_tuple(
	tb: nlattrs,
	t: nf_conntrack_tuple,
	flags: number,
): number {
	if ((flags & CTA_FILTER_F_CTA_PROTO_SRC_PORT) !== 0) {
		const port = nla_get_u16(tb, CTA_PROTO_SRC_PORT);
		if (port === null) return -EINVAL;
		t.src_u_all = port;
	}
	if ((flags & CTA_FILTER_F_CTA_PROTO_DST_PORT) !== 0) {
		const port = nla_get_u16(tb, CTA_PROTO_DST_PORT);
		if (port === null) return -EINVAL;
		t.dst_u_all = port;
	}
	return 0;
}

/**
 * Gives an answer made here the connection of the packet it answers, as related in the other direction.
 * @kernel net/netfilter/nf_conntrack_core.c:1994 (v5.10)
 */
function nf_conntrack_attach(nskb: sk_buff, skb: sk_buff): void {
	const ctinfo =
		CTINFO2DIR(skb.nfctinfo) === IP_CT_DIR_ORIGINAL
			? IP_CT_RELATED_REPLY
			: IP_CT_RELATED;
	nf_ct_set(nskb, skb._nfct, ctinfo);
	nf_conntrack_get(nskb._nfct);
}

/**
 * Tuple of a packet's connection in the packet's direction; of an untracked packet, what the table has.
 * @param dst_tuple filled
 * @returns false when there is none
 * @kernel net/netfilter/nf_conntrack_core.c:2151 (v5.10)
 */
function nf_conntrack_get_tuple_skb(dst_tuple: nf_conntrack_tuple, skb: sk_buff): boolean {
	let ct = skb._nfct;
	if (ct !== null) {
		dst_tuple.copy(ct.tuplehash_of(CTINFO2DIR(skb.nfctinfo)).tuple);
		return true;
	}
	const net = skb.dev!.nd_net;
	const srctuple = nf_conntrack_vars.of(net.machine).tuple;
	if (!nf_ct_get_tuplepr(skb, skb_network_offset(skb), NFPROTO_IPV4, net, srctuple))
		return false;
	const hash = nf_conntrack_find_get(net, nf_ct_zone_dflt, srctuple);
	if (hash === null) return false;
	ct = nf_ct_tuplehash_to_ctrack(hash);
	dst_tuple.copy(ct.tuplehash_of(hash.tuple.dst_dir === 0 ? 1 : 0).tuple);
	nf_ct_put(ct);
	return true;
}

/** Where a walk over the table stands. */
class corpse_iter {
	bucket = 0;
}

/**
 * Finds the next connection that a callback chooses; the walk goes over reply entries, which all have.
 * @returns the connection with a reference, or null at the end
 * @kernel net/netfilter/nf_conntrack_core.c:2188 (v5.10)
 */
function get_next_corpse<T>(
	g: conntrack_globals,
	iter: (i: nf_conn, data: T) => boolean,
	data: T,
	it: corpse_iter,
): nf_conn | null {
	for (; it.bucket < g.nf_conntrack_htable_size; it.bucket++) {
		for (let h = hash_first(g, it.bucket); h !== null; h = h.hnnode_next) {
			if (NF_CT_DIRECTION(h) !== IP_CT_DIR_REPLY) continue;
			const ct = nf_ct_tuplehash_to_ctrack(h);
			if (iter(ct, data)) {
				nf_conntrack_get(ct);
				return ct;
			}
		}
	}
	return null;
}

/**
 * Removes all connections that a callback chooses.
 * @kernel net/netfilter/nf_conntrack_core.c:2233 (v5.10)
 */
function nf_ct_iterate_cleanup<T>(
	m: Machine,
	iter: (i: nf_conn, data: T) => boolean,
	data: T,
	portid: number,
	report: number,
): void {
	const g = nf_conntrack_vars.of(m);
	const it = new corpse_iter();
	for (;;) {
		const ct = get_next_corpse(g, iter, data, it);
		if (ct === null) break;
		nf_ct_delete(ct, portid, report);
		nf_ct_put(ct);
	}
}

/**
 * Marks the new connections of a namespace as dying, so that they never enter the table.
 * @kernel net/netfilter/nf_conntrack_core.c:2275 (v5.10)
 */
function __nf_ct_unconfirmed_destroy(net: net): void {
	for (let h = net.ct.pcpu_lists.unconfirmed.first; h !== null; h = h.hnnode_next)
		nf_ct_tuplehash_to_ctrack(h).status |= IPS_DYING;
}

/**
 * Marks the new connections of a namespace as dying, so that they never enter the table.
 * @kernel net/netfilter/nf_conntrack_core.c:2302 (v5.10)
 */
export function nf_ct_unconfirmed_destroy(net: net): void {
	if (net.ct.count > 0) __nf_ct_unconfirmed_destroy(net);
}

/**
 * Removes all connections of a namespace that a callback chooses.
 * @param iter true: remove
 * @param data handed to iter
 * @kernel net/netfilter/nf_conntrack_core.c:2314 (v5.10)
 */
export function nf_ct_iterate_cleanup_net<T>(
	net: net,
	iter: (i: nf_conn, data: T) => boolean,
	data: T,
	portid: number,
	report: number,
): void {
	if (net.ct.count === 0) return;
	nf_ct_iterate_cleanup(
		net.machine,
		(i: nf_conn, d: T) => net_eq(net, nf_ct_net(i)) && iter(i, d),
		data,
		portid,
		report,
	);
}

/**
 * Removes all connections of the machine that a callback chooses, new ones altogether.
 * @param iter true: remove
 * @kernel net/netfilter/nf_conntrack_core.c:2345 (v5.10)
 */
export function nf_ct_iterate_destroy<T>(
	m: Machine,
	iter: (i: nf_conn, data: T) => boolean,
	data: T,
): void {
	for (const net of m.net_namespace_list)
		if (net.ct.count !== 0) __nf_ct_unconfirmed_destroy(net);
	nf_ct_iterate_cleanup(m, iter, data, 0, 0);
}

/**
 * Chooses all connections of a namespace.
 * @kernel net/netfilter/nf_conntrack_core.c:2375 (v5.10)
 */
function kill_all(i: nf_conn, data: net): boolean {
	return net_eq(nf_ct_net(i), data);
}

/**
 * Lets the gc worker stop.
 * @kernel net/netfilter/nf_conntrack_core.c:2380 (v5.10)
 */
export function nf_conntrack_cleanup_start(m: Machine): void {
	nf_conntrack_vars.of(m).gc_work.exiting = true;
	netfilter_hooks.of(m).ip_ct_attach = null;
}

/**
 * Lets the table go.
 * @kernel net/netfilter/nf_conntrack_core.c:2386 (v5.10)
 */
export function nf_conntrack_cleanup_end(m: Machine): void {
	const g = nf_conntrack_vars.of(m);
	netfilter_hooks.of(m).nf_ct_hook = null;
	cancel_delayed_work_sync(g.gc_work.dwork);
	g.nf_conntrack_hash = [];
	g.nf_conntrack_htable_size = 0;
}

/**
 * Removes the connections of a namespace that goes. PORT: C waits until packets that hold one are gone;
 * here they let go of it when they are freed.
 * @kernel net/netfilter/nf_conntrack_core.c:2409 (v5.10)
 */
export function nf_conntrack_cleanup_net(net: net): void {
	nf_ct_iterate_cleanup(net.machine, kill_all, net, 0, 0);
}

/** Chains that fill a page. */
const HEADS_PER_PAGE = 4096 / 8;

/**
 * Makes an empty table.
 * @param size buckets, rounded up to whole pages
 * @kernel net/netfilter/nf_conntrack_core.c:2449 (v5.10)
 */
export function nf_ct_alloc_hashtable(size: number): (tuple_head | null)[] {
	const nr_slots = Math.ceil(size / HEADS_PER_PAGE) * HEADS_PER_PAGE;
	return new Array<tuple_head | null>(nr_slots).fill(null);
}

/**
 * Changes the number of buckets.
 * @param hashsize rounded up to whole pages
 * @returns 0 or -EINVAL for 0
 * @kernel net/netfilter/nf_conntrack_core.c:2470 (v5.10)
 */
export function nf_conntrack_hash_resize(m: Machine, hashsize: number): number {
	const g = nf_conntrack_vars.of(m);
	if (hashsize <= 0) return -EINVAL;
	const hash = nf_ct_alloc_hashtable(hashsize);
	if (hash.length === g.nf_conntrack_htable_size) return 0;
	for (const head of g.nf_conntrack_hash) {
		if (head === null) continue;
		for (let h = head.first; h !== null; h = head.first) {
			hlist_nulls_del(h);
			const bucket = __hash_conntrack(g, nf_ct_net(h.ct), h.tuple, hash.length);
			hlist_nulls_add_head(h, hash_head(hash, bucket));
		}
	}
	g.nf_conntrack_hash = hash;
	g.nf_conntrack_htable_size = hash.length;
	return 0;
}

/**
 * Sets up the table and starts the gc worker. nf_conntrack_proto_init() comes right after it.
 * @returns 0
 * @kernel net/netfilter/nf_conntrack_core.c:2576 (v5.10)
 */
export function nf_conntrack_init_start(m: Machine): number {
	const g = nf_conntrack_vars.of(m);
	const max_factor = 4;
	g.nf_conntrack_hash = nf_ct_alloc_hashtable(16384);
	g.nf_conntrack_htable_size = g.nf_conntrack_hash.length;
	g.nf_conntrack_max = max_factor * g.nf_conntrack_htable_size;
	conntrack_gc_work_init(g.gc_work);
	queue_delayed_work(g.gc_work.dwork, HZ);
	return 0;
}

const nf_conntrack_hook: nf_ct_hook = {
	destroy: destroy_conntrack,
	get_tuple_skb: nf_conntrack_get_tuple_skb,
};

/**
 * Makes connection tracking known to the rest of netfilter.
 * @kernel net/netfilter/nf_conntrack_core.c:2698 (v5.10)
 */
export function nf_conntrack_init_end(m: Machine): void {
	const hooks = netfilter_hooks.of(m);
	hooks.ip_ct_attach = nf_conntrack_attach;
	hooks.nf_ct_hook = nf_conntrack_hook;
}
