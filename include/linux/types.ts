// SPDX-License-Identifier: GPL-2.0
/*
 * include/linux/types.h, base v5.10.
 *
 * Integer names of the kernel and the two branded network-order types. A `__be16` or `__be32` is the
 * number whose big-endian bytes stand on the wire, so that comparing and storing cost nothing; only
 * the helpers of include/linux/byteorder/generic.ts change the brand.
 *
 * Not ported: the signed and 64-bit names that nothing uses; a u64 is a number below 2^53.
 */

declare const be16_brand: unique symbol;
declare const be32_brand: unique symbol;

export type u8 = number;
export type u16 = number;
export type u32 = number;
export type u64 = number;
export type s32 = number;
export type __be16 = number & { readonly [be16_brand]: true };
export type __be32 = number & { readonly [be32_brand]: true };
/** Folded ones' complement sum of 16 bits, network order. */
export type __sum16 = number;
/** Running ones' complement sum of 32 bits, network order. */
export type __wsum = number;
/** IPv6 address: 16 bytes in wire order. */
export type in6_addr = Uint8Array;

/**
 * Zero of a field of 32 unsigned bits: minus zero, which is a double from the start. A field that begins as a small
 * integer and outgrows 31 bits later would change the shape of its class under everything compiled for it.
 */
export const U32_ZERO = -0;
