/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/linux/if_bridge.h, base v5.10: the group, and perhaps the source, that a bridge's entry is for.
 *
 * PORT: struct br_ip is a key of hash tables, so it is words. Port flags stand in net/bridge/br_private.ts.
 */
import { get_unaligned_be32, htonl, put_unaligned_be32 } from './byteorder/generic.ts';
import type { __be32, u16 } from './types.ts';

/** Words of a br_ip. */
export const BR_IP_WORDS = 9;
const DST = 1;
const SRC = 5;

/** Ethertype, VLAN, group and source. Of an IPv4 address the first word counts, the others are 0. */
export class br_ip {
	/** [0] ethertype and VLAN id, [1] to [4] group, [5] to [8] source. */
	readonly words: Int32Array<ArrayBufferLike>;

	/** @param words at least BR_IP_WORDS, kept */
	constructor(words: Int32Array<ArrayBufferLike> = new Int32Array(BR_IP_WORDS)) {
		this.words = words;
	}

	/** Ethertype. */
	get proto(): number {
		return this.words[0] >>> 16;
	}

	get vid(): u16 {
		return this.words[0] & 0xffff;
	}

	/** Group of IPv4, network order. */
	get dst_ip4(): __be32 {
		return htonl(this.words[DST]);
	}

	/** Source of IPv4, network order. */
	get src_ip4(): __be32 {
		return htonl(this.words[SRC]);
	}

	/** Group of IPv6, a copy. */
	get dst_ip6(): Uint8Array {
		return get_in6(this.words, DST);
	}

	/** Source of IPv6, a copy. */
	get src_ip6(): Uint8Array {
		return get_in6(this.words, SRC);
	}

	/** Begins anew: ethertype and VLAN, no addresses. */
	init(proto: number, vid: u16): this {
		this.words.fill(0, 0, BR_IP_WORDS);
		this.words[0] = (proto << 16) | vid;
		return this;
	}

	/**
	 * Sets the group.
	 * @param size 4 or 16 bytes
	 */
	set_dst(head: Uint8Array, off: number, size: number): this {
		set_words(this.words, DST, head, off, size);
		return this;
	}

	/**
	 * Sets the source.
	 * @param size 4 or 16 bytes
	 */
	set_src(head: Uint8Array, off: number, size: number): this {
		set_words(this.words, SRC, head, off, size);
		return this;
	}

	/** Sets the group of IPv4. */
	set_dst_ip4(addr: __be32): this {
		this.words[DST] = addr;
		return this;
	}

	/** Sets the source of IPv4. */
	set_src_ip4(addr: __be32): this {
		this.words[SRC] = addr;
		return this;
	}

	/** Forgets the source. */
	clear_src(): this {
		this.words.fill(0, SRC, BR_IP_WORDS);
		return this;
	}

	/** Takes the source of another. */
	copy_src(from: br_ip): this {
		for (let i = SRC; i < BR_IP_WORDS; i++) this.words[i] = from.words[i];
		return this;
	}

	/** Becomes a copy of another. */
	copy(from: br_ip): this {
		for (let i = 0; i < BR_IP_WORDS; i++) this.words[i] = from.words[i];
		return this;
	}

	/** Tells whether another has the same source. */
	same_src(o: br_ip): boolean {
		for (let i = SRC; i < BR_IP_WORDS; i++) if (this.words[i] !== o.words[i]) return false;
		return true;
	}

	/** Tells whether there is no source. */
	src_any(): boolean {
		return (this.words[SRC] | this.words[6] | this.words[7] | this.words[8]) === 0;
	}
}

/**
 * An IPv6 address out of words.
 * @kernel PORT: members of struct br_ip
 */
function get_in6(words: Int32Array, at: number): Uint8Array {
	const a = new Uint8Array(16);
	for (let i = 0; i < 4; i++) put_unaligned_be32(words[at + i] >>> 0, a, i * 4);
	return a;
}

/**
 * Words out of an address.
 * @kernel PORT: members of struct br_ip
 */
function set_words(words: Int32Array, at: number, head: Uint8Array, off: number, size: number): void {
	for (let i = 0; i < 4; i++)
		words[at + i] = i * 4 < size ? get_unaligned_be32(head, off + i * 4) : 0;
}
