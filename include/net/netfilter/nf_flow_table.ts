/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nf_flow_table.h, base v5.10 + patches 1/9, 2/9, 6/9, 7/9, 8/9.
 *
 * PORT: the key part of a tuple, the bytes before the marker __hash of patch 1/9, is thirteen 32-bit words: the
 * C's 50 bytes in the same order, the last word half used. The keys of some flows lie in one array, which goes with
 * the last of them. A tuple in the table is its own node.
 * Not ported: rules and blocks of hardware offload (nf_flow_match, nf_flow_key, nf_flow_rule,
 * nf_flow_table_offload_add_cb, nf_flow_table_offload_del_cb): no device of this world offloads.
 */
import { jhash2, jhash_3words } from '../../linux/jhash.ts';
import { HZ, type Machine } from '../../linux/machine.ts';
import type { net_device } from '../../linux/netdevice.ts';
import type { nf_hookfn } from '../../linux/netfilter.ts';
import {
	rhash_head,
	rhashtable,
	type rhashtable_iter,
	rhashtable_params,
} from '../../linux/rhashtable.ts';
import { AF_INET6 } from '../../linux/socket.ts';
import type { __be16, __be32, u16 } from '../../linux/types.ts';
import type { delayed_work } from '../../linux/workqueue.ts';
import type { dst_entry } from '../dst.ts';
import type { net } from '../net_namespace.ts';
import type { nf_conn } from './nf_conntrack.ts';
import type {
	nf_flow_inval_setup,
	nf_flow_invalidate,
} from './nf_flow_table_invalidate.ts';

export const FLOW_BLOCK_BIND = 0;
export const FLOW_BLOCK_UNBIND = 1;

/** What a protocol family brings to a flow table. */
export interface nf_flowtable_type {
	/** NFPROTO_* */
	family: number;
	init: (ft: nf_flowtable) => number;
	/** Offers the table to a device's hardware. */
	setup: (ft: nf_flowtable, dev: net_device, cmd: number) => number;
	free: (ft: nf_flowtable) => void;
	hook: nf_hookfn;
}

export const NF_FLOWTABLE_HW_OFFLOAD = 0x1;
export const NF_FLOWTABLE_COUNTER = 0x2;

/** A flow table. */
export class nf_flowtable {
	readonly rhashtable: rhashtable<flow_offload_tuple_rhash>;
	priority = 0;
	type: nf_flowtable_type;
	gc_work: delayed_work | null = null;
	/** PORT: where a collection pauses; on the worker's stack in C. */
	gc_iter: rhashtable_iter<flow_offload_tuple_rhash> | null = null;
	/** NF_FLOWTABLE_* */
	flags = 0;
	net: net;
	/** Tuple of the packet at hand; on the stack of the hook in C. */
	readonly packet_tuple = new flow_offload_tuple(new Int32Array(FLOW_OFFLOAD_KEY_WORDS), 0);
	/** PORT: topology-driven invalidation, ours; null while it is off. */
	invalidate: nf_flow_invalidate | null = null;

	constructor(net: net, type: nf_flowtable_type) {
		this.net = net;
		this.type = type;
		this.rhashtable = new rhashtable(nf_flow_offload_rhash_params, net.machine.random_u32());
	}
}

/**
 * Tells whether a table is offered to hardware.
 * @kernel include/net/netfilter/nf_flow_table.h:81 (v5.10)
 */
export function nf_flowtable_hw_offload(flowtable: nf_flowtable): boolean {
	return (flowtable.flags & NF_FLOWTABLE_HW_OFFLOAD) !== 0;
}

export const FLOW_OFFLOAD_DIR_ORIGINAL = 0;
export const FLOW_OFFLOAD_DIR_REPLY = 1;
export const FLOW_OFFLOAD_DIR_MAX = 2;
export type flow_offload_tuple_dir = 0 | 1;

/** enum flow_offload_xmit_type, patches 2/9 and 7/9. */
export const FLOW_OFFLOAD_XMIT_NEIGH = 0;
export const FLOW_OFFLOAD_XMIT_XFRM = 1;
export const FLOW_OFFLOAD_XMIT_DIRECT = 2;
export type flow_offload_xmit_type =
	| typeof FLOW_OFFLOAD_XMIT_NEIGH
	| typeof FLOW_OFFLOAD_XMIT_XFRM
	| typeof FLOW_OFFLOAD_XMIT_DIRECT;

/** Tags that are part of the key, patch 8/9. */
export const NF_FLOW_TABLE_VLAN_MAX = 2;

/* Words of the key. */
const W_src = 0;
const W_dst = 4;
const W_ports = 8;
const W_iifidx = 9;
const W_proto_vlan0id = 10;
const W_vlan0proto_vlan1id = 11;
const W_vlan1proto = 12;
/** Where the key ends: the marker __hash of patch 1/9. */
const FLOW_OFFLOAD_KEY_WORDS = 13;
/* What C packs behind it: dir, in_vlan_num, xmit_type, mtu, from the lowest bit on. */
const DIR_MASK = 0x1;
const IN_VLAN_NUM_SHIFT = 2;
const IN_VLAN_NUM_MASK = 0xc;
const XMIT_TYPE_SHIFT = 8;
const XMIT_TYPE_MASK = 0xff00;
const MTU_SHIFT = 16;
/** Words of a flow: both keys. */
export const FLOW_OFFLOAD_WORDS = FLOW_OFFLOAD_DIR_MAX * FLOW_OFFLOAD_KEY_WORDS;

/** Egress of a DIRECT direction, patch 7/9. */
export class flow_offload_out {
	ifidx = 0;
	readonly h_source = new Uint8Array(6);
	readonly h_dest = new Uint8Array(6);
}

/** One direction of a flow: the key of its packets, and how they leave. */
export class flow_offload_tuple extends rhash_head {
	get src_v4(): __be32 {
		return (this.key[this.key_at + W_src] >>> 0) as __be32;
	}
	set src_v4(v: number) {
		this.key[this.key_at + W_src] = v;
	}
	get dst_v4(): __be32 {
		return (this.key[this.key_at + W_dst] >>> 0) as __be32;
	}
	set dst_v4(v: number) {
		this.key[this.key_at + W_dst] = v;
	}
	/** Copies the IPv6 source to 16 bytes at off. PORT: kept as words of the key. */
	src_v6(to: Uint8Array, off: number): void {
		words_to_bytes(this.key, this.key_at + W_src, to, off);
	}
	/** Copies the IPv6 destination to 16 bytes at off. PORT: kept as words of the key. */
	dst_v6(to: Uint8Array, off: number): void {
		words_to_bytes(this.key, this.key_at + W_dst, to, off);
	}
	set_src_v6(from: Uint8Array, off: number): void {
		bytes_to_words(this.key, this.key_at + W_src, from, off);
	}
	set_dst_v6(from: Uint8Array, off: number): void {
		bytes_to_words(this.key, this.key_at + W_dst, from, off);
	}
	get src_port(): __be16 {
		return (this.key[this.key_at + W_ports] >>> 16) as __be16;
	}
	get dst_port(): __be16 {
		return (this.key[this.key_at + W_ports] & 0xffff) as __be16;
	}
	/** Both ports at once, network order. */
	set_ports(src: number, dst: number): void {
		this.key[this.key_at + W_ports] = (src << 16) | dst;
	}
	get iifidx(): number {
		return this.key[this.key_at + W_iifidx];
	}
	set iifidx(v: number) {
		this.key[this.key_at + W_iifidx] = v;
	}
	get l3proto(): number {
		return this.key[this.key_at + W_proto_vlan0id] >>> 24;
	}
	get l4proto(): number {
		return (this.key[this.key_at + W_proto_vlan0id] >>> 16) & 0xff;
	}
	/** Both protocols at once; the tags are zero afterwards. */
	set_protos(l3proto: number, l4proto: number): void {
		this.key[this.key_at + W_proto_vlan0id] = (l3proto << 24) | (l4proto << 16);
		this.key[this.key_at + W_vlan0proto_vlan1id] = 0;
		this.key[this.key_at + W_vlan1proto] = 0;
	}
	/** Id of a tag in the key, host order: 0 nearest the wire. */
	in_vlan_id(i: number): u16 {
		return this.key[this.key_at + (i === 0 ? W_proto_vlan0id : W_vlan0proto_vlan1id)] & 0xffff;
	}
	/** Ethertype of a tag in the key, network order. */
	in_vlan_proto(i: number): __be16 {
		return (this.key[this.key_at + (i === 0 ? W_vlan0proto_vlan1id : W_vlan1proto)] >>> 16) as __be16;
	}
	/** Puts a tag into the key. */
	set_in_vlan(i: number, id: u16, proto: number): void {
		const w = this.key;
		const at = this.key_at;
		const middle = at + W_vlan0proto_vlan1id;
		if (i === 0) {
			w[at + W_proto_vlan0id] = (w[at + W_proto_vlan0id] & ~0xffff) | id;
			w[middle] = (w[middle] & 0xffff) | (proto << 16);
		} else {
			w[middle] = (w[middle] & ~0xffff) | id;
			w[at + W_vlan1proto] = proto << 16;
		}
	}
	/* All below is not part of the key. */
	#bits = 0;
	/** :4 */
	get dir(): flow_offload_tuple_dir {
		return (this.#bits & DIR_MASK) as flow_offload_tuple_dir;
	}
	set dir(v: flow_offload_tuple_dir) {
		this.#bits = (this.#bits & ~DIR_MASK) | v;
	}
	/** :2 */
	get xmit_type(): flow_offload_xmit_type {
		return ((this.#bits & XMIT_TYPE_MASK) >>
			XMIT_TYPE_SHIFT) as flow_offload_xmit_type;
	}
	set xmit_type(v: flow_offload_xmit_type) {
		this.#bits = (this.#bits & ~XMIT_TYPE_MASK) | (v << XMIT_TYPE_SHIFT);
	}
	/** :2, tags to take off a packet */
	get in_vlan_num(): number {
		return (this.#bits & IN_VLAN_NUM_MASK) >> IN_VLAN_NUM_SHIFT;
	}
	set in_vlan_num(v: number) {
		this.#bits = (this.#bits & ~IN_VLAN_NUM_MASK) | (v << IN_VLAN_NUM_SHIFT);
	}
	/** Bytes; MTU of the route's device. */
	get mtu(): u16 {
		return this.#bits >>> MTU_SHIFT;
	}
	set mtu(v: u16) {
		this.#bits = (this.#bits & ~(~0 << MTU_SHIFT)) | (v << MTU_SHIFT);
	}
	/** The union of dst_cache and out: who reads one has looked at xmit_type. */
	#way: dst_entry | flow_offload_out | null = null;
	/** Of NEIGH and XFRM. */
	get dst_cache(): dst_entry | null {
		return this.#way as dst_entry | null;
	}
	set dst_cache(v: dst_entry) {
		this.#way = v;
	}
	/** Of DIRECT. */
	get out(): flow_offload_out | null {
		return this.#way as flow_offload_out | null;
	}
	set out(v: flow_offload_out) {
		this.#way = v;
	}
}

/**
 * Hash of a key. Of IPv4 addresses there is one word each, the other three are not looked at.
 * @returns 32 bits, signed
 * @kernel PORT: net/netfilter/nf_flow_table_core.c:190 flow_offload_hash and :197 flow_offload_hash_obj, where the
 * words are; jhash of the same words in two steps
 */
function flow_offload_hash(key: Int32Array, at: number, seed: number): number {
	const proto = key[at + W_proto_vlan0id];
	const ends =
		proto >>> 24 === AF_INET6
			? jhash2(key, W_iifidx, seed, at)
			: jhash_3words(key[at + W_src], key[at + W_dst], key[at + W_ports], seed);
	const rest = key[at + W_vlan0proto_vlan1id] ^ key[at + W_vlan1proto];
	return jhash_3words(key[at + W_iifidx], proto, rest, ends) | 0;
}

/**
 * Compares two keys, what differs most often first.
 * @returns whether they are equal
 * @kernel PORT: net/netfilter/nf_flow_table_core.c:204 flow_offload_hash_cmp, where the words are
 */
function flow_offload_hash_cmp(key: Int32Array, obj: Int32Array, at: number): boolean {
	return (
		key[W_ports] === obj[at + W_ports] &&
		key[W_src] === obj[at + W_src] &&
		key[W_dst] === obj[at + W_dst] &&
		key[W_iifidx] === obj[at + W_iifidx] &&
		key[W_proto_vlan0id] === obj[at + W_proto_vlan0id] &&
		key[W_vlan0proto_vlan1id] === obj[at + W_vlan0proto_vlan1id] &&
		key[W_vlan1proto] === obj[at + W_vlan1proto] &&
		(key[W_proto_vlan0id] >>> 24 !== AF_INET6 || same_v6_rest(key, obj, at))
	);
}

/**
 * Compares what IPv6 addresses have more than one word of IPv4.
 * @kernel PORT: part of flow_offload_hash_cmp
 */
function same_v6_rest(key: Int32Array, obj: Int32Array, at: number): boolean {
	for (let i = 1; i < 4; i++)
		if (key[W_src + i] !== obj[at + W_src + i] || key[W_dst + i] !== obj[at + W_dst + i])
			return false;
	return true;
}

/** net/netfilter/nf_flow_table_core.c:216 */
export const nf_flow_offload_rhash_params = new rhashtable_params(
	flow_offload_hash,
	flow_offload_hash_cmp,
);

/**
 * Spells four words as 16 bytes.
 * @kernel PORT: assignment of struct in6_addr
 */
function words_to_bytes(w: Int32Array, at: number, to: Uint8Array, off: number): void {
	for (let i = 0; i < 4; i++) {
		const v = w[at + i];
		to[off + 4 * i] = v >>> 24;
		to[off + 4 * i + 1] = v >>> 16;
		to[off + 4 * i + 2] = v >>> 8;
		to[off + 4 * i + 3] = v;
	}
}

/**
 * Reads 16 bytes as four words.
 * @kernel PORT: assignment of struct in6_addr
 */
function bytes_to_words(w: Int32Array, at: number, from: Uint8Array, off: number): void {
	for (let i = 0; i < 4; i++)
		w[at + i] =
			(from[off + 4 * i] << 24) |
			(from[off + 4 * i + 1] << 16) |
			(from[off + 4 * i + 2] << 8) |
			from[off + 4 * i + 3];
}

/** A direction as it stands in the hash table; tuple and node are its base. */
export class flow_offload_tuple_rhash extends flow_offload_tuple {
	/** container_of(this, struct flow_offload, tuplehash[dir]) */
	readonly flow: flow_offload;

	constructor(flow: flow_offload, key: Int32Array, key_at: number) {
		super(key, key_at);
		this.flow = flow;
	}

	get tuple(): flow_offload_tuple {
		return this;
	}
}

/* enum nf_flow_flags: bits of flow.flags */
export const NF_FLOW_SNAT = 1 << 0;
export const NF_FLOW_DNAT = 1 << 1;
export const NF_FLOW_TEARDOWN = 1 << 2;

export const NF_FLOW_OFFLOAD_UNSPEC = 0;
export const NF_FLOW_OFFLOAD_ROUTE = 1;

/** A flow: both directions of a connection. */
export class flow_offload {
	readonly #original: flow_offload_tuple_rhash;
	readonly #reply: flow_offload_tuple_rhash;
	ct: nf_conn;
	/** NF_FLOW_* */
	flags = 0;
	/** NF_FLOW_OFFLOAD_* */
	type = NF_FLOW_OFFLOAD_UNSPEC;
	/** Jiffies, the lowest 32 bits, signed; one timer for both directions. */
	timeout = 0;
	/** PORT: where the words of both keys are. */
	readonly #words: Int32Array;
	/** The first of them. */
	readonly #at: number;

	/**
	 * @param room where the flow's words go, zeroed
	 * @param at the first of FLOW_OFFLOAD_WORDS
	 */
	constructor(ct: nf_conn, room: Int32Array, at: number) {
		this.ct = ct;
		this.#words = room;
		this.#at = at;
		this.#original = new flow_offload_tuple_rhash(this, room, at);
		this.#reply = new flow_offload_tuple_rhash(this, room, at + FLOW_OFFLOAD_KEY_WORDS);
	}

	/** By direction. PORT: the list is made for who asks; one kept in every flow would be 64 bytes. */
	get tuplehash(): readonly [flow_offload_tuple_rhash, flow_offload_tuple_rhash] {
		return [this.#original, this.#reply];
	}
	/** tuplehash[dir], without the list. */
	tuplehash_of(dir: flow_offload_tuple_dir): flow_offload_tuple_rhash {
		return dir === FLOW_OFFLOAD_DIR_ORIGINAL ? this.#original : this.#reply;
	}

	/*
	 * PORT: members of tuplehash[dir].tuple for the fast path. Both tuples lie side by side in the same words, as
	 * they do in C: from one to the other is an addition here, by way of tuplehash it is five places in memory.
	 */
	/** tuplehash[dir].tuple.src_v4 */
	src_v4(dir: flow_offload_tuple_dir): __be32 {
		return (this.#words[this.#at + dir * FLOW_OFFLOAD_KEY_WORDS + W_src] >>> 0) as __be32;
	}
	/** tuplehash[dir].tuple.dst_v4 */
	dst_v4(dir: flow_offload_tuple_dir): __be32 {
		return (this.#words[this.#at + dir * FLOW_OFFLOAD_KEY_WORDS + W_dst] >>> 0) as __be32;
	}
	/** tuplehash[dir].tuple.src_v6, to 16 bytes at off */
	src_v6(dir: flow_offload_tuple_dir, to: Uint8Array, off: number): void {
		words_to_bytes(this.#words, this.#at + dir * FLOW_OFFLOAD_KEY_WORDS + W_src, to, off);
	}
	/** tuplehash[dir].tuple.dst_v6, to 16 bytes at off */
	dst_v6(dir: flow_offload_tuple_dir, to: Uint8Array, off: number): void {
		words_to_bytes(this.#words, this.#at + dir * FLOW_OFFLOAD_KEY_WORDS + W_dst, to, off);
	}
	/** tuplehash[dir].tuple.src_port */
	src_port(dir: flow_offload_tuple_dir): __be16 {
		return (this.#words[this.#at + dir * FLOW_OFFLOAD_KEY_WORDS + W_ports] >>> 16) as __be16;
	}
	/** tuplehash[dir].tuple.dst_port */
	dst_port(dir: flow_offload_tuple_dir): __be16 {
		return (this.#words[this.#at + dir * FLOW_OFFLOAD_KEY_WORDS + W_ports] & 0xffff) as __be16;
	}
}


/** Jiffies. */
export const NF_FLOW_TIMEOUT = 30 * HZ;

/**
 * Jiffies until a time; negative when it is past.
 * @param timeout 32 bits of it are enough
 * @kernel include/net/netfilter/nf_flow_table.h:150 (v5.10)
 */
export function nf_flow_timeout_delta(m: Machine, timeout: number): number {
	return (timeout - m.jiffies) | 0;
}

/** How one direction goes, as found when the flow is made; patches 2/9, 6/9, 7/9, 8/9. */
export class nf_flow_route_tuple {
	dst: dst_entry | null = null;
	readonly in = {
		ifindex: 0,
		/** Ids, host order; 0 nearest the wire. */
		vid: [0, 0],
		/** Ethertypes, network order. */
		vproto: [0, 0],
		num_vlans: 0,
	};
	readonly out = {
		ifindex: 0,
		h_source: new Uint8Array(6),
		h_dest: new Uint8Array(6),
	};
	xmit_type: flow_offload_xmit_type = FLOW_OFFLOAD_XMIT_NEIGH;

	/** Makes it as new. */
	clear(): void {
		this.dst = null;
		this.in.ifindex = 0;
		this.in.vid[0] = this.in.vid[1] = 0;
		this.in.vproto[0] = this.in.vproto[1] = 0;
		this.in.num_vlans = 0;
		this.out.ifindex = 0;
		this.out.h_source.fill(0);
		this.out.h_dest.fill(0);
		this.xmit_type = FLOW_OFFLOAD_XMIT_NEIGH;
	}
}

/** How both directions go. */
export class nf_flow_route {
	readonly tuple: readonly [nf_flow_route_tuple, nf_flow_route_tuple] = [
		new nf_flow_route_tuple(),
		new nf_flow_route_tuple(),
	];
	/** PORT: set when the table's invalidation is on. */
	inval: nf_flow_inval_setup | null = null;

	/** Makes it as new. */
	clear(): void {
		this.tuple[0].clear();
		this.tuple[1].clear();
		this.inval = null;
	}
}

/* struct flow_ports */
export const FLOW_PORTS_source = 0;
export const FLOW_PORTS_dest = 2;
export const FLOW_PORTS_LEN = 4;
