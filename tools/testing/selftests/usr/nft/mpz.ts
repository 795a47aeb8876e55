// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, integers of any width.
 * Modelled on gmputil.c of nftables 1.0.6. BigInt is fine here: no packet passes this code.
 */

export const BYTEORDER_INVALID = 0;
export const BYTEORDER_HOST_ENDIAN = 1;
export const BYTEORDER_BIG_ENDIAN = 2;
export type byteorder = 0 | 1 | 2;

/** An integer with the low `bits` bits set. */
export function mpz_bitmask(bits: number): bigint {
	return (1n << BigInt(bits)) - 1n;
}

/** A mask of `width` bits of which the upper `prefix` are set. */
export function mpz_prefixmask(width: number, prefix: number): bigint {
	return mpz_bitmask(width) ^ mpz_bitmask(width - prefix);
}

/** Index of the lowest set bit at or above `from`, Infinity if there is none. */
export function mpz_scan1(v: bigint, from: number): number {
	v >>= BigInt(from);
	if (v === 0n) return Infinity;
	let n = from;
	while ((v & 1n) === 0n) {
		v >>= 1n;
		n++;
	}
	return n;
}

/** Index of the lowest clear bit at or above `from`. */
export function mpz_scan0(v: bigint, from: number): number {
	v >>= BigInt(from);
	let n = from;
	while ((v & 1n) === 1n) {
		v >>= 1n;
		n++;
	}
	return n;
}

/** Number of set bits. */
export function mpz_popcount(v: bigint): number {
	let n = 0;
	for (; v > 0n; v >>= 1n) if (v & 1n) n++;
	return n;
}

/** Writes an integer into `len` bytes: host order is little endian, everything else big endian. */
export function mpz_export_data(v: bigint, order: byteorder, len: number): Uint8Array {
	const data = new Uint8Array(len);
	for (let i = 0; i < len; i++, v >>= 8n) {
		data[order === BYTEORDER_HOST_ENDIAN ? i : len - 1 - i] = Number(v & 0xffn);
	}
	return data;
}

/** Reads an integer from bytes. */
export function mpz_import_data(data: Uint8Array, order: byteorder): bigint {
	let hex = '';
	for (const b of data) {
		const h = b.toString(16).padStart(2, '0');
		hex = order === BYTEORDER_HOST_ENDIAN ? h + hex : hex + h;
	}
	return hex === '' ? 0n : BigInt(`0x${hex}`);
}

/** Turns the bytes of an integer around. */
export function mpz_switch_byteorder(v: bigint, len: number): bigint {
	return mpz_import_data(
		mpz_export_data(v, BYTEORDER_BIG_ENDIAN, len),
		BYTEORDER_HOST_ENDIAN,
	);
}

/** Parses as GMP does with base 0: 0x, 0b and leading-zero octal. Null if it is no integer. */
export function mpz_set_str(s: string): bigint | null {
	if (/^0[xX][0-9a-fA-F]+$/.test(s) || /^0[bB][01]+$/.test(s)) return BigInt(s.toLowerCase());
	if (/^0[0-7]+$/.test(s)) return BigInt(`0o${s.slice(1)}`);
	if (/^-?\d+$/.test(s) && !/^-?0\d/.test(s)) return BigInt(s);
	return null;
}

const ENC = new TextEncoder();
const DEC = new TextDecoder();

/** The integer that holds a string, first character in the lowest byte. */
export function mpz_from_string(s: string): bigint {
	return mpz_import_data(ENC.encode(s), BYTEORDER_HOST_ENDIAN);
}

/** The string that an integer holds, up to its first NUL. */
export function mpz_to_string(v: bigint, len: number): string {
	return bytes_to_string(mpz_export_data(v, BYTEORDER_HOST_ENDIAN, len));
}

/** Text in bytes, up to the first NUL. */
export function bytes_to_string(data: Uint8Array): string {
	const nul = data.indexOf(0);
	return DEC.decode(nul < 0 ? data : data.subarray(0, nul));
}

/** Bytes of a text, with a closing NUL. */
export function string_to_bytes(s: string): Uint8Array {
	return ENC.encode(`${s}\0`);
}

/** Rounds a division up. */
export function div_round_up(n: number, d: number): number {
	return Math.ceil(n / d);
}

/** Bits that a field takes in a concatenation: full 32-bit registers. */
export function netlink_padded_len(bits: number): number {
	return div_round_up(bits, 32) * 32;
}

/** Number of 32-bit registers for a value. */
export function netlink_register_space(bits: number): number {
	return div_round_up(bits, 32);
}
