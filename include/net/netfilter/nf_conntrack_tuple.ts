/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nf_conntrack_tuple.h, base v5.10: what tells connections apart.
 *
 * PORT: ten 32-bit words in the order of the C struct: source address (4), source port and layer 3
 * protocol, destination address (4), destination port with layer 4 protocol and direction. An IPv4
 * address stands in the first word of its four, the others are 0. Comparing and hashing go over words.
 * Not ported: printing for debug builds.
 */
import type { __be16, __be32 } from '../../linux/types.ts';
import type { nf_conn } from './nf_conntrack.ts';
import type { hlist_nulls_head } from '../../linux/list_nulls.ts';

export const NF_CT_TUPLE_L3SIZE = 4;

/* words */
const SRC_U3 = 0;
const SRC_U = 4;
const DST_U3 = 5;
const DST_U = 9;
/** Words of a tuple. */
export const NF_CT_TUPLE_WORDS = 10;

/** Words that the hash covers: source and destination address. */
export const NF_CT_TUPLE_HASH_WORDS = DST_U;

/**
 * Reads four words of a tuple as an IPv6 address.
 * @param out 16 bytes
 * @kernel PORT: words of the tuple to bytes
 */
function words_to_bytes(w: Int32Array, at: number, out: Uint8Array): Uint8Array {
	for (let i = 0; i < 4; i++) {
		const v = w[at + i];
		out[4 * i] = v >>> 24;
		out[4 * i + 1] = v >>> 16;
		out[4 * i + 2] = v >>> 8;
		out[4 * i + 3] = v;
	}
	return out;
}

/**
 * Puts an IPv6 address into four words of a tuple.
 * @param off of its first byte
 * @kernel PORT: bytes to words of the tuple
 */
function bytes_to_words(w: Int32Array, at: number, p: Uint8Array, off: number): void {
	for (let i = 0; i < 4; i++) {
		const o = off + 4 * i;
		w[at + i] = (p[o] << 24) | (p[o + 1] << 16) | (p[o + 2] << 8) | p[o + 3];
	}
}

/** Identifies one direction of a connection. Numbers in network order unless said otherwise. */
export class nf_conntrack_tuple {
	/** PORT: where the words are; the tuples of some connections lie in one array, which goes with the last of them. */
	readonly words: Int32Array;
	/** The first of them. */
	readonly at: number;

	constructor(words: Int32Array = new Int32Array(NF_CT_TUPLE_WORDS), at = 0) {
		this.words = words;
		this.at = at;
	}

	/** src.u3.ip */
	get src_u3_ip(): __be32 {
		return (this.words[this.at + SRC_U3] >>> 0) as __be32;
	}
	set src_u3_ip(v: number) {
		this.words[this.at + SRC_U3] = v;
	}
	/** dst.u3.ip */
	get dst_u3_ip(): __be32 {
		return (this.words[this.at + DST_U3] >>> 0) as __be32;
	}
	set dst_u3_ip(v: number) {
		this.words[this.at + DST_U3] = v;
	}
	/** src.u.all: port or ICMP id. */
	get src_u_all(): __be16 {
		return (this.words[this.at + SRC_U] >>> 16) as __be16;
	}
	set src_u_all(v: number) {
		this.words[this.at + SRC_U] = (v << 16) | (this.words[this.at + SRC_U] & 0xffff);
	}
	/** src.l3num: AF_INET or AF_INET6. */
	get src_l3num(): number {
		return this.words[this.at + SRC_U] & 0xffff;
	}
	set src_l3num(v: number) {
		this.words[this.at + SRC_U] = (this.words[this.at + SRC_U] & ~0xffff) | v;
	}
	/** dst.u.all: port, or ICMP type and code. */
	get dst_u_all(): __be16 {
		return (this.words[this.at + DST_U] >>> 16) as __be16;
	}
	set dst_u_all(v: number) {
		this.words[this.at + DST_U] = (v << 16) | (this.words[this.at + DST_U] & 0xffff);
	}
	get dst_u_icmp_type(): number {
		return this.words[this.at + DST_U] >>> 24;
	}
	set dst_u_icmp_type(v: number) {
		this.words[this.at + DST_U] = (v << 24) | (this.words[this.at + DST_U] & 0x00ffffff);
	}
	get dst_u_icmp_code(): number {
		return (this.words[this.at + DST_U] >>> 16) & 0xff;
	}
	set dst_u_icmp_code(v: number) {
		this.words[this.at + DST_U] = (this.words[this.at + DST_U] & 0xff00ffff) | (v << 16);
	}
	/** dst.protonum: IPPROTO_*. */
	get dst_protonum(): number {
		return (this.words[this.at + DST_U] >>> 8) & 0xff;
	}
	set dst_protonum(v: number) {
		this.words[this.at + DST_U] = (this.words[this.at + DST_U] & ~0xff00) | (v << 8);
	}
	/** dst.dir: IP_CT_DIR_*. */
	get dst_dir(): number {
		return this.words[this.at + DST_U] & 0xff;
	}
	set dst_dir(v: number) {
		this.words[this.at + DST_U] = (this.words[this.at + DST_U] & ~0xff) | v;
	}

	/** Copies src.u3.in6 to 16 bytes and gives them back. */
	src_u3_in6(out: Uint8Array): Uint8Array {
		return words_to_bytes(this.words, this.at + SRC_U3, out);
	}
	/** Copies dst.u3.in6 to 16 bytes and gives them back. */
	dst_u3_in6(out: Uint8Array): Uint8Array {
		return words_to_bytes(this.words, this.at + DST_U3, out);
	}
	/** Sets src.u3.in6 from 16 bytes at an offset. */
	set_src_u3_in6(p: Uint8Array, off = 0): void {
		bytes_to_words(this.words, this.at + SRC_U3, p, off);
	}
	/** Sets dst.u3.in6 from 16 bytes at an offset. */
	set_dst_u3_in6(p: Uint8Array, off = 0): void {
		bytes_to_words(this.words, this.at + DST_U3, p, off);
	}
	/** Sets both addresses, of IPv4: src.u3.ip and dst.u3.ip, with nothing behind them. */
	set_u3_ip(saddr: number, daddr: number): void {
		const w = this.words;
		const i = this.at;
		w[i] = saddr;
		w[i + 1] = 0;
		w[i + 2] = 0;
		w[i + 3] = 0;
		w[i + 5] = daddr;
		w[i + 6] = 0;
		w[i + 7] = 0;
		w[i + 8] = 0;
	}
	/** Sets all of src but the address: src.u.all and src.l3num. */
	set_src_u(all: number, l3num: number): void {
		this.words[this.at + SRC_U] = (all << 16) | l3num;
	}
	/** Sets all of dst but the address: dst.u.all, dst.protonum and dst.dir. */
	set_dst_u(all: number, protonum: number, dir: number): void {
		this.words[this.at + DST_U] = (all << 16) | (protonum << 8) | dir;
	}
	/** src.u3 := another tuple's dst.u3, dst.u3 := its src.u3. */
	u3_inverse(o: nf_conntrack_tuple): void {
		const w = this.words;
		const i = this.at;
		const ow = o.words;
		const j = o.at;
		w[i] = ow[j + 5]!;
		w[i + 1] = ow[j + 6]!;
		w[i + 2] = ow[j + 7]!;
		w[i + 3] = ow[j + 8]!;
		w[i + 5] = ow[j]!;
		w[i + 6] = ow[j + 1]!;
		w[i + 7] = ow[j + 2]!;
		w[i + 8] = ow[j + 3]!;
	}
	/** src.u3 := another tuple's src.u3. */
	src_u3_from_src(o: nf_conntrack_tuple): void {
		for (let i = 0; i < 4; i++) this.words[this.at + SRC_U3 + i] = o.words[o.at + SRC_U3 + i]!;
	}
	/** src.u3 := another tuple's dst.u3. */
	src_u3_from_dst(o: nf_conntrack_tuple): void {
		for (let i = 0; i < 4; i++) this.words[this.at + SRC_U3 + i] = o.words[o.at + DST_U3 + i]!;
	}
	/** dst.u3 := another tuple's src.u3. */
	dst_u3_from_src(o: nf_conntrack_tuple): void {
		for (let i = 0; i < 4; i++) this.words[this.at + DST_U3 + i] = o.words[o.at + SRC_U3 + i]!;
	}
	/** dst.u3 := another tuple's dst.u3. */
	dst_u3_from_dst(o: nf_conntrack_tuple): void {
		for (let i = 0; i < 4; i++) this.words[this.at + DST_U3 + i] = o.words[o.at + DST_U3 + i]!;
	}
	/** src := another tuple's src (address, port, layer 3 protocol). */
	src_from_src(o: nf_conntrack_tuple): void {
		for (let i = SRC_U3; i <= SRC_U; i++) this.words[this.at + i] = o.words[o.at + i]!;
	}
	/** One of the four words of src.u3, unsigned. */
	src_u3_word(i: number): number {
		return this.words[this.at + SRC_U3 + i] >>> 0;
	}
	/** One of the four words of dst.u3, unsigned. */
	dst_u3_word(i: number): number {
		return this.words[this.at + DST_U3 + i] >>> 0;
	}
	/** Sets one of the four words of src.u3. */
	set_src_u3_word(i: number, v: number): void {
		this.words[this.at + SRC_U3 + i] = v;
	}
	/** Sets one of the four words of dst.u3. */
	set_dst_u3_word(i: number, v: number): void {
		this.words[this.at + DST_U3 + i] = v;
	}

	/** *this = *o */
	copy(o: nf_conntrack_tuple): void {
		const w = this.words;
		const ow = o.words;
		for (let i = 0; i < NF_CT_TUPLE_WORDS; i++) w[this.at + i] = ow[o.at + i]!;
	}
	/** memset(this, 0, sizeof(*this)) */
	clear(): void {
		const w = this.words;
		for (let i = 0; i < NF_CT_TUPLE_WORDS; i++) w[this.at + i] = 0;
	}
}

/** One of the two entries that a connection has in the hash table. */
export class nf_conntrack_tuple_hash {
	hnnode_next: nf_conntrack_tuple_hash | null = null;
	hnnode_prev: nf_conntrack_tuple_hash | null = null;
	hnnode_head: hlist_nulls_head<nf_conntrack_tuple_hash> | null = null;
	/** Raw hash of the original tuple, signed, kept from lookup to confirmation (in C in the REPLY node's pprev). */
	hnnode_hash = 0;
	readonly tuple: nf_conntrack_tuple;
	/** container_of(this, struct nf_conn, tuplehash[...]) */
	readonly ct: nf_conn;

	/**
	 * @param room where the words of the tuple go, zeroed
	 * @param at the first of them
	 */
	constructor(ct: nf_conn, room: Int32Array, at: number) {
		this.tuple = new nf_conntrack_tuple(room, at);
		this.ct = ct;
	}
}

/**
 * Direction that a hash entry stands for.
 * @kernel include/net/netfilter/nf_conntrack_tuple.h:115 (v5.10)
 */
export function NF_CT_DIRECTION(h: nf_conntrack_tuple_hash): number {
	return h.tuple.dst_dir;
}

/**
 * Compares address, port and layer 3 protocol of two sources.
 * @kernel include/net/netfilter/nf_conntrack_tuple.h:124 (v5.10)
 */
export function __nf_ct_tuple_src_equal(t1: nf_conntrack_tuple, t2: nf_conntrack_tuple): boolean {
	const a = t1.words;
	const b = t2.words;
	const i = t1.at;
	const j = t2.at;
	return (
		a[i] === b[j] &&
		a[i + 1] === b[j + 1] &&
		a[i + 2] === b[j + 2] &&
		a[i + 3] === b[j + 3] &&
		a[i + 4] === b[j + 4]
	);
}

/**
 * Compares address, port and layer 4 protocol of two destinations; the direction does not count.
 * @kernel include/net/netfilter/nf_conntrack_tuple.h:132 (v5.10)
 */
export function __nf_ct_tuple_dst_equal(t1: nf_conntrack_tuple, t2: nf_conntrack_tuple): boolean {
	const a = t1.words;
	const b = t2.words;
	const i = t1.at;
	const j = t2.at;
	return (
		a[i + 5] === b[j + 5] &&
		a[i + 6] === b[j + 6] &&
		a[i + 7] === b[j + 7] &&
		a[i + 8] === b[j + 8] &&
		((a[i + 9] ^ b[j + 9]) & ~0xff) === 0
	);
}

/**
 * Compares two tuples; the direction does not count.
 * @kernel include/net/netfilter/nf_conntrack_tuple.h:140 (v5.10)
 */
export function nf_ct_tuple_equal(t1: nf_conntrack_tuple, t2: nf_conntrack_tuple): boolean {
	return __nf_ct_tuple_src_equal(t1, t2) && __nf_ct_tuple_dst_equal(t1, t2);
}
