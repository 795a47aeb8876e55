/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nf_flow_table.h, base v5.10 + patches 1/9, 2/9, 6/9, 7/9, 8/9.
 *
 * PORT: the key part of a tuple, the bytes before the marker __hash of patch 1/9, is fields of 32 bits in C's order.
 * The words of IPv6 addresses lie in an array, one for some flows, which goes with the last of them. A tuple in the
 * table is its own node.
 * Not ported: rules and blocks of hardware offload (nf_flow_match, nf_flow_key, nf_flow_rule,
 * nf_flow_table_offload_add_cb, nf_flow_table_offload_del_cb): no device of this world offloads.
 */
import { eth_zero_addr } from '../../linux/etherdevice.ts';
import { put_unaligned_be32 } from '../../linux/byteorder/generic.ts';
import { jhash2, jhash_3words } from '../../linux/jhash.ts';
import { HZ } from '../../linux/machine.ts';
import type { net_device } from '../../linux/netdevice.ts';
import type { nf_hookfn } from '../../linux/netfilter.ts';
import {
	type rhash_head,
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
	readonly packet_tuple = new flow_offload_tuple(
		null,
		new Int32Array(FLOW_OFFLOAD_V6_WORDS),
		0,
	);
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

/** Words of the IPv6 addresses of a tuple: source, then destination. */
const FLOW_OFFLOAD_V6_WORDS = 8;
const V6_DST = 4;
/* What C packs behind the key: dir, in_vlan_num, xmit_type, mtu, from the lowest bit on. */
const DIR_MASK = 0x1;
const IN_VLAN_NUM_SHIFT = 2;
const IN_VLAN_NUM_MASK = 0xc;
const XMIT_TYPE_SHIFT = 8;
const XMIT_TYPE_MASK = 0xff00;
const MTU_SHIFT = 16;
/** Words of the IPv6 addresses of a flow, both directions. */
export const FLOW_OFFLOAD_WORDS = FLOW_OFFLOAD_DIR_MAX * FLOW_OFFLOAD_V6_WORDS;

/** Egress of a DIRECT direction, patch 7/9. */
export class flow_offload_out {
	ifidx = 0;
	readonly h_source = new Uint8Array(6);
	readonly h_dest = new Uint8Array(6);
}

/**
 * One direction of a flow: the key of its packets, and how they leave.
 * PORT: it has room for the links of an entry of the hash table, so that an entry and its tuple are one object.
 */
export class flow_offload_tuple<F extends flow_offload | null = flow_offload | null>
	implements rhash_head
{
	rhash_next: rhash_head | null = null;
	hash = 0;
	/** container_of(this, struct flow_offload, tuplehash[dir]), null for a tuple of its own. */
	readonly flow: F;
	/*
	 * The key, up to the marker __hash: 32 bits each, signed. An IPv6 tuple has zeroes in the first two and its
	 * addresses in v6, from v6_at on.
	 */
	w_src = 0;
	w_dst = 0;
	readonly v6: Int32Array | null;
	readonly v6_at: number;
	/** Source port, destination port. */
	w_ports = 0;
	iifidx = 0;
	/** AF_*, IPPROTO_*, id of the first tag. */
	w_proto_vlan0id = 0;
	/** Ethertype of the first tag, id of the second. */
	w_vlan0proto_vlan1id = 0;
	/** Ethertype of the second tag, and nothing. */
	w_vlan1proto = 0;

	/**
	 * @param v6 room for IPv6 addresses, or null
	 * @param v6_at the first of FLOW_OFFLOAD_V6_WORDS
	 */
	constructor(flow: F, v6: Int32Array | null, v6_at: number) {
		this.flow = flow;
		this.v6 = v6;
		this.v6_at = v6_at;
	}

	/** The tuple of an entry. */
	get tuple(): flow_offload_tuple {
		return this;
	}

	get src_v4(): __be32 {
		return (this.w_src >>> 0) as __be32;
	}
	set src_v4(v: number) {
		this.w_src = v | 0;
	}
	get dst_v4(): __be32 {
		return (this.w_dst >>> 0) as __be32;
	}
	set dst_v4(v: number) {
		this.w_dst = v | 0;
	}
	/** Copies the IPv6 source to 16 bytes at off. PORT: kept as words. */
	src_v6(to: Uint8Array, off: number): void {
		words_to_bytes(this.v6!, this.v6_at, to, off);
	}
	/** Copies the IPv6 destination to 16 bytes at off. PORT: kept as words. */
	dst_v6(to: Uint8Array, off: number): void {
		words_to_bytes(this.v6!, this.v6_at + V6_DST, to, off);
	}
	/** Copies the IPv6 source as four words. */
	src_v6_words(to: Int32Array): void {
		copy_words(this.v6!, this.v6_at, to, 0);
	}
	/** Copies the IPv6 destination as four words. */
	dst_v6_words(to: Int32Array): void {
		copy_words(this.v6!, this.v6_at + V6_DST, to, 0);
	}
	set_src_v6(from: DataView, off: number): void {
		this.w_src = 0;
		bytes_to_words(this.v6!, this.v6_at, from, off);
	}
	set_dst_v6(from: DataView, off: number): void {
		this.w_dst = 0;
		bytes_to_words(this.v6!, this.v6_at + V6_DST, from, off);
	}
	get src_port(): __be16 {
		return (this.w_ports >>> 16) as __be16;
	}
	get dst_port(): __be16 {
		return (this.w_ports & 0xffff) as __be16;
	}
	/** Both ports at once, network order. */
	set_ports(src: number, dst: number): void {
		this.w_ports = (src << 16) | dst;
	}
	get l3proto(): number {
		return this.w_proto_vlan0id >>> 24;
	}
	get l4proto(): number {
		return (this.w_proto_vlan0id >>> 16) & 0xff;
	}
	/** Both protocols at once; the tags are zero afterwards. */
	set_protos(l3proto: number, l4proto: number): void {
		this.w_proto_vlan0id = (l3proto << 24) | (l4proto << 16);
		this.w_vlan0proto_vlan1id = 0;
		this.w_vlan1proto = 0;
	}
	/** Id of a tag in the key, host order: 0 nearest the wire. */
	in_vlan_id(i: number): u16 {
		return (i === 0 ? this.w_proto_vlan0id : this.w_vlan0proto_vlan1id) & 0xffff;
	}
	/** Ethertype of a tag in the key, network order. */
	in_vlan_proto(i: number): __be16 {
		return ((i === 0 ? this.w_vlan0proto_vlan1id : this.w_vlan1proto) >>> 16) as __be16;
	}
	/** Puts a tag into the key. */
	set_in_vlan(i: number, id: u16, proto: number): void {
		const middle = this.w_vlan0proto_vlan1id;
		if (i === 0) {
			this.w_proto_vlan0id = (this.w_proto_vlan0id & ~0xffff) | id;
			this.w_vlan0proto_vlan1id = (middle & 0xffff) | (proto << 16);
		} else {
			this.w_vlan0proto_vlan1id = (middle & ~0xffff) | id;
			this.w_vlan1proto = proto << 16;
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
 * Hash of a key.
 * @returns 32 bits, signed
 * @kernel PORT: net/netfilter/nf_flow_table_core.c:190 flow_offload_hash and :197 flow_offload_hash_obj, where the
 * fields are; jhash of the same words in two steps
 */
function flow_offload_hash(tuple: flow_offload_tuple, seed: number): number {
	const ends =
		tuple.l3proto === AF_INET6
			? jhash2(tuple.v6!, FLOW_OFFLOAD_V6_WORDS, seed ^ tuple.w_ports, tuple.v6_at)
			: jhash_3words(tuple.w_src, tuple.w_dst, tuple.w_ports, seed);
	const rest = tuple.w_vlan0proto_vlan1id ^ tuple.w_vlan1proto;
	return jhash_3words(tuple.iifidx, tuple.w_proto_vlan0id, rest, ends) | 0;
}

/**
 * Compares two keys, what differs most often first.
 * @returns whether they are equal
 * @kernel PORT: net/netfilter/nf_flow_table_core.c:204 flow_offload_hash_cmp, where the fields are
 */
function flow_offload_hash_cmp(tuple: flow_offload_tuple, obj: flow_offload_tuple): boolean {
	return (
		tuple.w_ports === obj.w_ports &&
		tuple.w_src === obj.w_src &&
		tuple.w_dst === obj.w_dst &&
		tuple.iifidx === obj.iifidx &&
		tuple.w_proto_vlan0id === obj.w_proto_vlan0id &&
		tuple.w_vlan0proto_vlan1id === obj.w_vlan0proto_vlan1id &&
		tuple.w_vlan1proto === obj.w_vlan1proto &&
		(tuple.l3proto !== AF_INET6 || same_v6(tuple.v6!, tuple.v6_at, obj.v6!, obj.v6_at))
	);
}

/**
 * Compares the IPv6 addresses of two keys.
 * @kernel PORT: part of flow_offload_hash_cmp
 */
function same_v6(a: Int32Array, at: number, b: Int32Array, bt: number): boolean {
	return (
		a[at + 3] === b[bt + 3] &&
		a[at + 7] === b[bt + 7] &&
		a[at + 2] === b[bt + 2] &&
		a[at + 6] === b[bt + 6] &&
		a[at + 1] === b[bt + 1] &&
		a[at + 5] === b[bt + 5] &&
		a[at] === b[bt] &&
		a[at + 4] === b[bt + 4]
	);
}

/** net/netfilter/nf_flow_table_core.c:216 */
export const nf_flow_offload_rhash_params = new rhashtable_params<
	flow_offload_tuple,
	flow_offload_tuple_rhash
>(flow_offload_hash, flow_offload_hash, flow_offload_hash_cmp);

/**
 * Copies four words.
 * @kernel PORT: assignment of struct in6_addr
 */
function copy_words(w: Int32Array, at: number, to: Int32Array, off: number): void {
	to[off] = w[at];
	to[off + 1] = w[at + 1];
	to[off + 2] = w[at + 2];
	to[off + 3] = w[at + 3];
}

/**
 * Spells four words as 16 bytes.
 * @kernel PORT: assignment of struct in6_addr
 */
function words_to_bytes(w: Int32Array, at: number, to: Uint8Array, off: number): void {
	put_unaligned_be32(w[at], to, off);
	put_unaligned_be32(w[at + 1], to, off + 4);
	put_unaligned_be32(w[at + 2], to, off + 8);
	put_unaligned_be32(w[at + 3], to, off + 12);
}

/**
 * Reads 16 bytes as four words.
 * @kernel PORT: assignment of struct in6_addr
 */
function bytes_to_words(w: Int32Array, at: number, from: DataView, off: number): void {
	w[at] = from.getInt32(off);
	w[at + 1] = from.getInt32(off + 4);
	w[at + 2] = from.getInt32(off + 8);
	w[at + 3] = from.getInt32(off + 12);
}

/** A direction as it stands in the hash table. */
export type flow_offload_tuple_rhash = flow_offload_tuple<flow_offload>;

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

	/**
	 * @param v6 room for IPv6 addresses, or null
	 * @param v6_at the first of FLOW_OFFLOAD_WORDS
	 */
	constructor(ct: nf_conn, v6: Int32Array | null, v6_at: number) {
		this.ct = ct;
		this.#original = new flow_offload_tuple<flow_offload>(this, v6, v6_at);
		this.#reply = new flow_offload_tuple<flow_offload>(
			this,
			v6,
			v6_at + FLOW_OFFLOAD_V6_WORDS,
		);
	}

	/** By direction. PORT: the list is made for who asks; one kept in every flow would be 64 bytes. */
	get tuplehash(): readonly [flow_offload_tuple_rhash, flow_offload_tuple_rhash] {
		return [this.#original, this.#reply];
	}
	/** tuplehash[dir], without the list. */
	tuplehash_of(dir: flow_offload_tuple_dir): flow_offload_tuple_rhash {
		return dir === FLOW_OFFLOAD_DIR_ORIGINAL ? this.#original : this.#reply;
	}
}

/** Jiffies. */
export const NF_FLOW_TIMEOUT = 30 * HZ;

/**
 * Jiffies until a time; negative when it is past.
 * @param timeout 32 bits of it are enough
 * @param now jiffies; nf_flowtable_time_stamp in C
 * @kernel include/net/netfilter/nf_flow_table.h:150 (v5.10)
 */
export function nf_flow_timeout_delta(timeout: number, now: number): number {
	return (timeout - now) | 0;
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
		eth_zero_addr(this.out.h_source);
		eth_zero_addr(this.out.h_dest);
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
