/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nf_conntrack_tuple.h, base v5.10: what tells connections apart.
 *
 * PORT: ten 32-bit words in the order of the C struct: source address (4), source port and layer 3
 * protocol, destination address (4), destination port with layer 4 protocol and direction. An IPv4
 * address stands in the first word of its four, the others are 0. Comparing and hashing go over words.
 * Not ported: printing for debug builds.
 */
import { U32_ZERO } from '../../linux/types.ts';
import type { __be16, __be32 } from '../../linux/types.ts';
import type { nf_conn } from './nf_conntrack.ts';
import type { hlist_nulls_head } from '../../linux/list_nulls.ts';

export const NF_CT_TUPLE_L3SIZE = 4;

/* words */
const SRC_U3 = 0;
const SRC_U = 4;
const DST_U3 = 5;
const DST_U = 9;
const WORDS = 10;

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
	readonly words = new Int32Array(WORDS);

	/** src.u3.ip */
	get src_u3_ip(): __be32 {
		return (this.words[SRC_U3] >>> 0) as __be32;
	}
	set src_u3_ip(v: number) {
		this.words[SRC_U3] = v;
	}
	/** dst.u3.ip */
	get dst_u3_ip(): __be32 {
		return (this.words[DST_U3] >>> 0) as __be32;
	}
	set dst_u3_ip(v: number) {
		this.words[DST_U3] = v;
	}
	/** src.u.all: port or ICMP id. */
	get src_u_all(): __be16 {
		return (this.words[SRC_U] >>> 16) as __be16;
	}
	set src_u_all(v: number) {
		this.words[SRC_U] = (v << 16) | (this.words[SRC_U] & 0xffff);
	}
	/** src.l3num: AF_INET or AF_INET6. */
	get src_l3num(): number {
		return this.words[SRC_U] & 0xffff;
	}
	set src_l3num(v: number) {
		this.words[SRC_U] = (this.words[SRC_U] & ~0xffff) | v;
	}
	/** dst.u.all: port, or ICMP type and code. */
	get dst_u_all(): __be16 {
		return (this.words[DST_U] >>> 16) as __be16;
	}
	set dst_u_all(v: number) {
		this.words[DST_U] = (v << 16) | (this.words[DST_U] & 0xffff);
	}
	get dst_u_icmp_type(): number {
		return this.words[DST_U] >>> 24;
	}
	set dst_u_icmp_type(v: number) {
		this.words[DST_U] = (v << 24) | (this.words[DST_U] & 0x00ffffff);
	}
	get dst_u_icmp_code(): number {
		return (this.words[DST_U] >>> 16) & 0xff;
	}
	set dst_u_icmp_code(v: number) {
		this.words[DST_U] = (this.words[DST_U] & 0xff00ffff) | (v << 16);
	}
	/** dst.protonum: IPPROTO_*. */
	get dst_protonum(): number {
		return (this.words[DST_U] >>> 8) & 0xff;
	}
	set dst_protonum(v: number) {
		this.words[DST_U] = (this.words[DST_U] & ~0xff00) | (v << 8);
	}
	/** dst.dir: IP_CT_DIR_*. */
	get dst_dir(): number {
		return this.words[DST_U] & 0xff;
	}
	set dst_dir(v: number) {
		this.words[DST_U] = (this.words[DST_U] & ~0xff) | v;
	}

	/** Copies src.u3.in6 to 16 bytes and gives them back. */
	src_u3_in6(out: Uint8Array): Uint8Array {
		return words_to_bytes(this.words, SRC_U3, out);
	}
	/** Copies dst.u3.in6 to 16 bytes and gives them back. */
	dst_u3_in6(out: Uint8Array): Uint8Array {
		return words_to_bytes(this.words, DST_U3, out);
	}
	/** Sets src.u3.in6 from 16 bytes at an offset. */
	set_src_u3_in6(p: Uint8Array, off = 0): void {
		bytes_to_words(this.words, SRC_U3, p, off);
	}
	/** Sets dst.u3.in6 from 16 bytes at an offset. */
	set_dst_u3_in6(p: Uint8Array, off = 0): void {
		bytes_to_words(this.words, DST_U3, p, off);
	}
	/** src.u3 := another tuple's src.u3. */
	src_u3_from_src(o: nf_conntrack_tuple): void {
		for (let i = 0; i < 4; i++) this.words[SRC_U3 + i] = o.words[SRC_U3 + i]!;
	}
	/** src.u3 := another tuple's dst.u3. */
	src_u3_from_dst(o: nf_conntrack_tuple): void {
		for (let i = 0; i < 4; i++) this.words[SRC_U3 + i] = o.words[DST_U3 + i]!;
	}
	/** dst.u3 := another tuple's src.u3. */
	dst_u3_from_src(o: nf_conntrack_tuple): void {
		for (let i = 0; i < 4; i++) this.words[DST_U3 + i] = o.words[SRC_U3 + i]!;
	}
	/** dst.u3 := another tuple's dst.u3. */
	dst_u3_from_dst(o: nf_conntrack_tuple): void {
		for (let i = 0; i < 4; i++) this.words[DST_U3 + i] = o.words[DST_U3 + i]!;
	}
	/** src := another tuple's src (address, port, layer 3 protocol). */
	src_from_src(o: nf_conntrack_tuple): void {
		for (let i = SRC_U3; i <= SRC_U; i++) this.words[i] = o.words[i]!;
	}
	/** One of the four words of src.u3, unsigned. */
	src_u3_word(i: number): number {
		return this.words[SRC_U3 + i] >>> 0;
	}
	/** One of the four words of dst.u3, unsigned. */
	dst_u3_word(i: number): number {
		return this.words[DST_U3 + i] >>> 0;
	}
	/** Sets one of the four words of src.u3. */
	set_src_u3_word(i: number, v: number): void {
		this.words[SRC_U3 + i] = v;
	}
	/** Sets one of the four words of dst.u3. */
	set_dst_u3_word(i: number, v: number): void {
		this.words[DST_U3 + i] = v;
	}

	/** *this = *o */
	copy(o: nf_conntrack_tuple): void {
		const w = this.words;
		const ow = o.words;
		for (let i = 0; i < WORDS; i++) w[i] = ow[i]!;
	}
	/** memset(this, 0, sizeof(*this)) */
	clear(): void {
		const w = this.words;
		for (let i = 0; i < WORDS; i++) w[i] = 0;
	}
}

/** One of the two entries that a connection has in the hash table. */
export class nf_conntrack_tuple_hash {
	hnnode_next: nf_conntrack_tuple_hash | null = null;
	hnnode_prev: nf_conntrack_tuple_hash | null = null;
	hnnode_head: hlist_nulls_head<nf_conntrack_tuple_hash> | null = null;
	/** Raw hash of the original tuple, kept from lookup to confirmation (in C in the REPLY node's pprev). */
	hnnode_hash = U32_ZERO;
	readonly tuple = new nf_conntrack_tuple();
	/** container_of(this, struct nf_conn, tuplehash[...]) */
	readonly ct: nf_conn;

	constructor(ct: nf_conn) {
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
	return a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3] && a[4] === b[4];
}

/**
 * Compares address, port and layer 4 protocol of two destinations; the direction does not count.
 * @kernel include/net/netfilter/nf_conntrack_tuple.h:132 (v5.10)
 */
export function __nf_ct_tuple_dst_equal(t1: nf_conntrack_tuple, t2: nf_conntrack_tuple): boolean {
	const a = t1.words;
	const b = t2.words;
	return (
		a[5] === b[5] &&
		a[6] === b[6] &&
		a[7] === b[7] &&
		a[8] === b[8] &&
		((a[9] ^ b[9]) & ~0xff) === 0
	);
}

/**
 * Compares two tuples; the direction does not count.
 * @kernel include/net/netfilter/nf_conntrack_tuple.h:140 (v5.10)
 */
export function nf_ct_tuple_equal(t1: nf_conntrack_tuple, t2: nf_conntrack_tuple): boolean {
	return __nf_ct_tuple_src_equal(t1, t2) && __nf_ct_tuple_dst_equal(t1, t2);
}
