/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/jhash.h, base v5.10: Bob Jenkins' lookup3 over bytes and over 32-bit words.
 */
export const JHASH_INITVAL = 0xdeadbeef;

/**
 * Final mix; the third word is the hash.
 * @kernel include/linux/jhash.h:46 (v5.10)
 */
export function __jhash_final(a: number, b: number, c: number): number {
	c = ((c ^ b) - ((b << 14) | (b >>> 18))) | 0;
	a = ((a ^ c) - ((c << 11) | (c >>> 21))) | 0;
	b = ((b ^ a) - ((a << 25) | (a >>> 7))) | 0;
	c = ((c ^ b) - ((b << 16) | (b >>> 16))) | 0;
	a = ((a ^ c) - ((c << 4) | (c >>> 28))) | 0;
	b = ((b ^ a) - ((a << 14) | (a >>> 18))) | 0;
	c = ((c ^ b) - ((b << 24) | (b >>> 8))) | 0;
	return c >>> 0;
}

/**
 * Reads four bytes as a little-endian word.
 * @kernel include/linux/jhash.h:70 (v5.10), __get_unaligned_cpu32 of its loop
 */
function word(key: Uint8Array, at: number): number {
	return key[at] | (key[at + 1] << 8) | (key[at + 2] << 16) | (key[at + 3] << 24);
}

/**
 * Hashes a span of bytes, little-endian words as on x86.
 * PORT: __jhash_mix() is written out, as the macro is in C: three numbers cannot be handed back.
 * @param key the bytes
 * @param off where they start
 * @param length how many
 * @param initval seed
 * @returns 32 bits, unsigned
 * @kernel include/linux/jhash.h:70 (v5.10)
 */
export function jhash(key: Uint8Array, off: number, length: number, initval: number): number {
	let k = off;
	let left = length;
	let a = (JHASH_INITVAL + length + initval) | 0;
	let b = a;
	let c = a;
	while (left > 12) {
		a = (a + word(key, k)) | 0;
		b = (b + word(key, k + 4)) | 0;
		c = (c + word(key, k + 8)) | 0;
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
		left -= 12;
		k += 12;
	}
	if (left === 0) return c >>> 0;
	for (let i = left - 1; i >= 8; i--) c = (c + (key[k + i] << ((i & 3) * 8))) | 0;
	for (let i = Math.min(left, 8) - 1; i >= 4; i--) b = (b + (key[k + i] << ((i & 3) * 8))) | 0;
	for (let i = Math.min(left, 4) - 1; i >= 0; i--) a = (a + (key[k + i] << ((i & 3) * 8))) | 0;
	return __jhash_final(a, b, c);
}

/**
 * Hashes 32-bit words. PORT: __jhash_mix() is written out, as in jhash().
 * @param k the words
 * @param length how many words
 * @param initval seed
 * @param at first word
 * @returns 32 bits, unsigned
 * @kernel include/linux/jhash.h:117 (v5.10)
 */
export function jhash2(
	k: Int32Array | Uint32Array,
	length: number,
	initval: number,
	at = 0,
): number {
	let a = (JHASH_INITVAL + (length << 2) + initval) | 0;
	let b = a;
	let c = a;
	while (length > 3) {
		a = (a + k[at]) | 0;
		b = (b + k[at + 1]) | 0;
		c = (c + k[at + 2]) | 0;
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
		length -= 3;
		at += 3;
	}
	if (length === 0) return c >>> 0;
	if (length === 3) c = (c + k[at + 2]) | 0;
	if (length >= 2) b = (b + k[at + 1]) | 0;
	a = (a + k[at]) | 0;
	return __jhash_final(a, b, c);
}

/**
 * Hashes five words.
 * @returns 32 bits, unsigned
 * @kernel PORT: jhash2() of words that are in no array
 */
export function jhash_5words(
	k0: number,
	k1: number,
	k2: number,
	k3: number,
	k4: number,
	initval: number,
): number {
	let a = (JHASH_INITVAL + (5 << 2) + initval) | 0;
	let b = (a + k1) | 0;
	let c = (a + k2) | 0;
	a = (a + k0) | 0;
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
	return __jhash_final((a + k3) | 0, (b + k4) | 0, c);
}

/**
 * Hashes three words.
 * @kernel include/linux/jhash.h:161 (v5.10)
 */
export function jhash_3words(a: number, b: number, c: number, initval: number): number {
	const iv = (JHASH_INITVAL + (3 << 2) + initval) | 0;
	return __jhash_final((a + iv) | 0, (b + iv) | 0, (c + iv) | 0);
}

/**
 * Hashes two words.
 * @kernel include/linux/jhash.h:166 (v5.10)
 */
export function jhash_2words(a: number, b: number, initval: number): number {
	const iv = (JHASH_INITVAL + (2 << 2) + initval) | 0;
	return __jhash_final((a + iv) | 0, (b + iv) | 0, iv);
}

/**
 * Hashes one word.
 * @kernel include/linux/jhash.h:171 (v5.10)
 */
export function jhash_1word(a: number, initval: number): number {
	const iv = (JHASH_INITVAL + (1 << 2) + initval) | 0;
	return __jhash_final((a + iv) | 0, iv, iv);
}
