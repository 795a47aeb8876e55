/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/byteorder/generic.h and include/linux/unaligned/access_ok.h, base v5.10.
 *
 * The one place where the network-order brand is put on or taken off.
 * PORT: a network-order value is held as the number its big-endian bytes spell, so the four
 * conversions change the type and nothing else.
 */
import type { __be16, __be32, u16, u32 } from '../types.ts';

/**
 * Marks a host-order 32-bit number as network order.
 * @kernel include/linux/byteorder/generic.h:139 (v5.10)
 */
export function htonl(x: u32): __be32 {
	return (x >>> 0) as __be32;
}

/**
 * Reads a network-order 32-bit number as host order.
 * @kernel include/linux/byteorder/generic.h:140 (v5.10)
 */
export function ntohl(x: __be32): u32 {
	return x;
}

/**
 * Marks a host-order 16-bit number as network order.
 * @kernel include/linux/byteorder/generic.h:141 (v5.10)
 */
export function htons(x: u16): __be16 {
	return (x & 0xffff) as __be16;
}

/**
 * Reads a network-order 16-bit number as host order.
 * @kernel include/linux/byteorder/generic.h:142 (v5.10)
 */
export function ntohs(x: __be16): u16 {
	return x;
}

/**
 * Reads two big-endian bytes at an offset.
 * @kernel include/linux/unaligned/access_ok.h:23 (v5.10)
 */
export function get_unaligned_be16(p: Uint8Array, off: number): __be16 {
	return ((p[off] << 8) | p[off + 1]) as __be16;
}

/**
 * Reads four big-endian bytes at an offset.
 * @kernel include/linux/unaligned/access_ok.h:28 (v5.10)
 */
export function get_unaligned_be32(p: Uint8Array, off: number): __be32 {
	return (((p[off] << 24) | (p[off + 1] << 16) | (p[off + 2] << 8) | p[off + 3]) >>>
		0) as __be32;
}

/**
 * Writes a 16-bit number as two big-endian bytes at an offset.
 * @kernel include/linux/unaligned/access_ok.h:53 (v5.10)
 */
export function put_unaligned_be16(val: number, p: Uint8Array, off: number): void {
	p[off] = val >>> 8;
	p[off + 1] = val;
}

/**
 * Writes a 32-bit number as four big-endian bytes at an offset.
 * @kernel include/linux/unaligned/access_ok.h:58 (v5.10)
 */
export function put_unaligned_be32(val: number, p: Uint8Array, off: number): void {
	p[off] = val >>> 24;
	p[off + 1] = val >>> 16;
	p[off + 2] = val >>> 8;
	p[off + 3] = val;
}
