/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/jhash.h, base v5.10: Bob Jenkins' lookup3 over bytes and over 32-bit words.
 */
export const JHASH_INITVAL = 0xdeadbeef;

/* Scratch for the three state words; the functions neither nest nor yield. */
const s = new Int32Array(3);

/**
 * Mixes the three state words.
 * @kernel include/linux/jhash.h:35 (v5.10)
 */
function __jhash_mix(): void {
	let a = s[0];
	let b = s[1];
	let c = s[2];
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
	s[0] = a;
	s[1] = b;
	s[2] = c;
}

/**
 * Final mix; the third word is the hash.
 * @kernel include/linux/jhash.h:46 (v5.10)
 */
function __jhash_final(a: number, b: number, c: number): number {
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
 * Hashes a span of bytes, little-endian words as on x86.
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
	s[0] = s[1] = s[2] = (JHASH_INITVAL + length + initval) | 0;
	const w = (i: number): number =>
		key[i] | (key[i + 1] << 8) | (key[i + 2] << 16) | (key[i + 3] << 24);
	while (left > 12) {
		s[0] += w(k);
		s[1] += w(k + 4);
		s[2] += w(k + 8);
		__jhash_mix();
		left -= 12;
		k += 12;
	}
	if (left === 0) return s[2] >>> 0;
	for (let i = left - 1; i >= 0; i--) s[i >> 2] += key[k + i] << ((i & 3) * 8);
	return __jhash_final(s[0], s[1], s[2]);
}

/**
 * Hashes 32-bit words.
 * @param k the words
 * @param length how many words
 * @param initval seed
 * @returns 32 bits, unsigned
 * @kernel include/linux/jhash.h:117 (v5.10)
 */
export function jhash2(k: Int32Array | Uint32Array, length: number, initval: number): number {
	let i = 0;
	s[0] = s[1] = s[2] = (JHASH_INITVAL + (length << 2) + initval) | 0;
	while (length > 3) {
		s[0] += k[i];
		s[1] += k[i + 1];
		s[2] += k[i + 2];
		__jhash_mix();
		length -= 3;
		i += 3;
	}
	if (length === 0) return s[2] >>> 0;
	if (length === 3) s[2] += k[i + 2];
	if (length >= 2) s[1] += k[i + 1];
	s[0] += k[i];
	return __jhash_final(s[0], s[1], s[2]);
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
