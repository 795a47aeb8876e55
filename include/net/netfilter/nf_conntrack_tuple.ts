/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nf_conntrack_tuple.h, base v5.10: what tells connections apart.
 *
 * PORT: ten 32-bit words in the order of the C struct, each a signed number in a field of its own: source
 * address (4), source port and layer 3 protocol, destination address (4), destination port with layer 4
 * protocol and direction. An IPv4 address stands in the first word of its four, the others are 0.
 * Not ported: printing for debug builds.
 */
import type { __be16, __be32 } from '../../linux/types.ts';
import type { nf_inet_addr } from '../../linux/netfilter.ts';
import type { nf_conn } from './nf_conntrack.ts';
import type { hlist_nulls_head } from '../../linux/list_nulls.ts';

export const NF_CT_TUPLE_L3SIZE = 4;

/** Words of a tuple. */
export const NF_CT_TUPLE_WORDS = 10;

/** Words that the hash covers: source and destination address. */
export const NF_CT_TUPLE_HASH_WORDS = 9;

/**
 * Reads four bytes as a word of a tuple.
 * @kernel PORT: bytes to a word of the tuple
 */
function word_at(p: Uint8Array, off: number): number {
	return (p[off] << 24) | (p[off + 1] << 16) | (p[off + 2] << 8) | p[off + 3];
}

/**
 * Writes a word of a tuple as four bytes.
 * @kernel PORT: a word of the tuple to bytes
 */
function put_word(p: Uint8Array, off: number, v: number): void {
	p[off] = v >>> 24;
	p[off + 1] = v >>> 16;
	p[off + 2] = v >>> 8;
	p[off + 3] = v;
}

/**
 * Identifies one direction of a connection. Numbers in network order unless said otherwise.
 * PORT: it has room for the links of an entry of the hash table, so that an entry and its tuple are one object.
 */
export class nf_conntrack_tuple<C extends nf_conn | null = nf_conn | null> {
	/* src.u3.all[] */
	src_u3_0 = 0;
	src_u3_1 = 0;
	src_u3_2 = 0;
	src_u3_3 = 0;
	/** src.u.all in the upper half, src.l3num in the lower. */
	src_u = 0;
	/* dst.u3.all[] */
	dst_u3_0 = 0;
	dst_u3_1 = 0;
	dst_u3_2 = 0;
	dst_u3_3 = 0;
	/** dst.u.all in the upper half, dst.protonum in the next byte, dst.dir in the last. */
	dst_u = 0;
	hnnode_next: nf_conntrack_tuple_hash | null = null;
	hnnode_prev: nf_conntrack_tuple_hash | null = null;
	hnnode_head: hlist_nulls_head<nf_conntrack_tuple_hash> | null = null;
	/** Raw hash of the original tuple, signed, kept from lookup to confirmation (in C in the REPLY node's pprev). */
	hnnode_hash = 0;
	/** container_of(this, struct nf_conn, tuplehash[...]), null for a tuple of its own. */
	readonly ct: C;

	constructor(ct: C) {
		this.ct = ct;
	}

	/** The tuple of an entry. */
	get tuple(): nf_conntrack_tuple {
		return this;
	}

	/** src.u3.ip */
	get src_u3_ip(): __be32 {
		return (this.src_u3_0 >>> 0) as __be32;
	}
	set src_u3_ip(v: number) {
		this.src_u3_0 = v | 0;
	}
	/** dst.u3.ip */
	get dst_u3_ip(): __be32 {
		return (this.dst_u3_0 >>> 0) as __be32;
	}
	set dst_u3_ip(v: number) {
		this.dst_u3_0 = v | 0;
	}
	/** src.u.all: port or ICMP id. */
	get src_u_all(): __be16 {
		return (this.src_u >>> 16) as __be16;
	}
	set src_u_all(v: number) {
		this.src_u = (v << 16) | (this.src_u & 0xffff);
	}
	/** src.l3num: AF_INET or AF_INET6. */
	get src_l3num(): number {
		return this.src_u & 0xffff;
	}
	set src_l3num(v: number) {
		this.src_u = (this.src_u & ~0xffff) | v;
	}
	/** dst.u.all: port, or ICMP type and code. */
	get dst_u_all(): __be16 {
		return (this.dst_u >>> 16) as __be16;
	}
	set dst_u_all(v: number) {
		this.dst_u = (v << 16) | (this.dst_u & 0xffff);
	}
	get dst_u_icmp_type(): number {
		return this.dst_u >>> 24;
	}
	set dst_u_icmp_type(v: number) {
		this.dst_u = (v << 24) | (this.dst_u & 0x00ffffff);
	}
	get dst_u_icmp_code(): number {
		return (this.dst_u >>> 16) & 0xff;
	}
	set dst_u_icmp_code(v: number) {
		this.dst_u = (this.dst_u & ~0xff0000) | (v << 16);
	}
	/** dst.protonum: IPPROTO_*. */
	get dst_protonum(): number {
		return (this.dst_u >>> 8) & 0xff;
	}
	set dst_protonum(v: number) {
		this.dst_u = (this.dst_u & ~0xff00) | (v << 8);
	}
	/** dst.dir: IP_CT_DIR_*. */
	get dst_dir(): number {
		return this.dst_u & 0xff;
	}
	set dst_dir(v: number) {
		this.dst_u = (this.dst_u & ~0xff) | v;
	}

	/** Copies src.u3.in6 to 16 bytes and gives them back. */
	src_u3_in6(out: Uint8Array): Uint8Array {
		put_word(out, 0, this.src_u3_0);
		put_word(out, 4, this.src_u3_1);
		put_word(out, 8, this.src_u3_2);
		put_word(out, 12, this.src_u3_3);
		return out;
	}
	/** Copies dst.u3.in6 to 16 bytes and gives them back. */
	dst_u3_in6(out: Uint8Array): Uint8Array {
		put_word(out, 0, this.dst_u3_0);
		put_word(out, 4, this.dst_u3_1);
		put_word(out, 8, this.dst_u3_2);
		put_word(out, 12, this.dst_u3_3);
		return out;
	}
	/** Sets src.u3.in6 from 16 bytes at an offset. */
	set_src_u3_in6(p: Uint8Array, off = 0): void {
		this.src_u3_0 = word_at(p, off);
		this.src_u3_1 = word_at(p, off + 4);
		this.src_u3_2 = word_at(p, off + 8);
		this.src_u3_3 = word_at(p, off + 12);
	}
	/** Sets dst.u3.in6 from 16 bytes at an offset. */
	set_dst_u3_in6(p: Uint8Array, off = 0): void {
		this.dst_u3_0 = word_at(p, off);
		this.dst_u3_1 = word_at(p, off + 4);
		this.dst_u3_2 = word_at(p, off + 8);
		this.dst_u3_3 = word_at(p, off + 12);
	}
	/** *to = src.u3 */
	src_u3(to: nf_inet_addr): void {
		to.all_0 = this.src_u3_0;
		to.all_1 = this.src_u3_1;
		to.all_2 = this.src_u3_2;
		to.all_3 = this.src_u3_3;
	}
	/** *to = dst.u3 */
	dst_u3(to: nf_inet_addr): void {
		to.all_0 = this.dst_u3_0;
		to.all_1 = this.dst_u3_1;
		to.all_2 = this.dst_u3_2;
		to.all_3 = this.dst_u3_3;
	}
	/** src.u3 = *from */
	set_src_u3(from: nf_inet_addr): void {
		this.src_u3_0 = from.all_0;
		this.src_u3_1 = from.all_1;
		this.src_u3_2 = from.all_2;
		this.src_u3_3 = from.all_3;
	}
	/** dst.u3 = *from */
	set_dst_u3(from: nf_inet_addr): void {
		this.dst_u3_0 = from.all_0;
		this.dst_u3_1 = from.all_1;
		this.dst_u3_2 = from.all_2;
		this.dst_u3_3 = from.all_3;
	}
	/** Sets both addresses, of IPv4: src.u3.ip and dst.u3.ip, with nothing behind them. */
	set_u3_ip(saddr: number, daddr: number): void {
		this.src_u3_0 = saddr | 0;
		this.src_u3_1 = 0;
		this.src_u3_2 = 0;
		this.src_u3_3 = 0;
		this.dst_u3_0 = daddr | 0;
		this.dst_u3_1 = 0;
		this.dst_u3_2 = 0;
		this.dst_u3_3 = 0;
	}
	/** Sets all of src but the address: src.u.all and src.l3num. */
	set_src_u(all: number, l3num: number): void {
		this.src_u = (all << 16) | l3num;
	}
	/** Sets all of dst but the address: dst.u.all, dst.protonum and dst.dir. */
	set_dst_u(all: number, protonum: number, dir: number): void {
		this.dst_u = (all << 16) | (protonum << 8) | dir;
	}
	/** src.u3 := another tuple's src.u3. */
	src_u3_from_src(o: nf_conntrack_tuple): void {
		this.src_u3_0 = o.src_u3_0;
		this.src_u3_1 = o.src_u3_1;
		this.src_u3_2 = o.src_u3_2;
		this.src_u3_3 = o.src_u3_3;
	}
	/** src.u3 := another tuple's dst.u3. */
	src_u3_from_dst(o: nf_conntrack_tuple): void {
		this.src_u3_0 = o.dst_u3_0;
		this.src_u3_1 = o.dst_u3_1;
		this.src_u3_2 = o.dst_u3_2;
		this.src_u3_3 = o.dst_u3_3;
	}
	/** dst.u3 := another tuple's src.u3. */
	dst_u3_from_src(o: nf_conntrack_tuple): void {
		this.dst_u3_0 = o.src_u3_0;
		this.dst_u3_1 = o.src_u3_1;
		this.dst_u3_2 = o.src_u3_2;
		this.dst_u3_3 = o.src_u3_3;
	}
	/** dst.u3 := another tuple's dst.u3. */
	dst_u3_from_dst(o: nf_conntrack_tuple): void {
		this.dst_u3_0 = o.dst_u3_0;
		this.dst_u3_1 = o.dst_u3_1;
		this.dst_u3_2 = o.dst_u3_2;
		this.dst_u3_3 = o.dst_u3_3;
	}
	/** src := another tuple's src (address, port, layer 3 protocol). */
	src_from_src(o: nf_conntrack_tuple): void {
		this.src_u3_from_src(o);
		this.src_u = o.src_u;
	}
	/** One of the four words of src.u3, unsigned. */
	src_u3_word(i: number): number {
		if (i === 0) return this.src_u3_0 >>> 0;
		if (i === 1) return this.src_u3_1 >>> 0;
		return (i === 2 ? this.src_u3_2 : this.src_u3_3) >>> 0;
	}
	/** One of the four words of dst.u3, unsigned. */
	dst_u3_word(i: number): number {
		if (i === 0) return this.dst_u3_0 >>> 0;
		if (i === 1) return this.dst_u3_1 >>> 0;
		return (i === 2 ? this.dst_u3_2 : this.dst_u3_3) >>> 0;
	}
	/** Sets one of the four words of src.u3. */
	set_src_u3_word(i: number, v: number): void {
		if (i === 0) this.src_u3_0 = v | 0;
		else if (i === 1) this.src_u3_1 = v | 0;
		else if (i === 2) this.src_u3_2 = v | 0;
		else this.src_u3_3 = v | 0;
	}
	/** Sets one of the four words of dst.u3. */
	set_dst_u3_word(i: number, v: number): void {
		if (i === 0) this.dst_u3_0 = v | 0;
		else if (i === 1) this.dst_u3_1 = v | 0;
		else if (i === 2) this.dst_u3_2 = v | 0;
		else this.dst_u3_3 = v | 0;
	}
	/** Puts the words into an array, for who reads them as memory. */
	to_words(out: Int32Array): Int32Array {
		out[0] = this.src_u3_0;
		out[1] = this.src_u3_1;
		out[2] = this.src_u3_2;
		out[3] = this.src_u3_3;
		out[4] = this.src_u;
		out[5] = this.dst_u3_0;
		out[6] = this.dst_u3_1;
		out[7] = this.dst_u3_2;
		out[8] = this.dst_u3_3;
		out[9] = this.dst_u;
		return out;
	}

	/** *this = *o */
	copy(o: nf_conntrack_tuple): void {
		this.src_from_src(o);
		this.dst_u3_from_dst(o);
		this.dst_u = o.dst_u;
	}
	/** memset(this, 0, sizeof(*this)) */
	clear(): void {
		this.set_u3_ip(0, 0);
		this.src_u = 0;
		this.dst_u = 0;
	}
}

/** One of the two entries that a connection has in the hash table. */
export type nf_conntrack_tuple_hash = nf_conntrack_tuple<nf_conn>;

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
	return (
		t1.src_u3_0 === t2.src_u3_0 &&
		t1.src_u3_1 === t2.src_u3_1 &&
		t1.src_u3_2 === t2.src_u3_2 &&
		t1.src_u3_3 === t2.src_u3_3 &&
		t1.src_u === t2.src_u
	);
}

/**
 * Compares address, port and layer 4 protocol of two destinations; the direction does not count.
 * @kernel include/net/netfilter/nf_conntrack_tuple.h:132 (v5.10)
 */
export function __nf_ct_tuple_dst_equal(t1: nf_conntrack_tuple, t2: nf_conntrack_tuple): boolean {
	return (
		t1.dst_u3_0 === t2.dst_u3_0 &&
		t1.dst_u3_1 === t2.dst_u3_1 &&
		t1.dst_u3_2 === t2.dst_u3_2 &&
		t1.dst_u3_3 === t2.dst_u3_3 &&
		((t1.dst_u ^ t2.dst_u) & ~0xff) === 0
	);
}

/**
 * Compares two tuples; the direction does not count.
 * @kernel include/net/netfilter/nf_conntrack_tuple.h:140 (v5.10)
 */
export function nf_ct_tuple_equal(t1: nf_conntrack_tuple, t2: nf_conntrack_tuple): boolean {
	return __nf_ct_tuple_src_equal(t1, t2) && __nf_ct_tuple_dst_equal(t1, t2);
}
