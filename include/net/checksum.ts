/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/checksum.h with lib/checksum.c and arch checksum routines, base v5.10.
 *
 * Sums are over big-endian 16-bit words held as numbers, so that what is stored in a header is what was
 * computed. A __wsum is any 32-bit partial sum; only its value modulo 0xffff counts.
 * Not ported: copying from user memory.
 */
import type { __be32, __sum16, __wsum } from '../linux/types.ts';

export const CSUM_MANGLED_0 = 0xffff;

/**
 * Adds two partial sums with end-around carry.
 * @kernel include/net/checksum.h:57 (v5.10)
 */
export function csum_add(csum: __wsum, addend: __wsum): __wsum {
	const res = csum + addend;
	return res > 0xffffffff ? (res + 1) >>> 0 : res;
}

/**
 * Takes a partial sum away from another.
 * @kernel include/net/checksum.h:65 (v5.10)
 */
export function csum_sub(csum: __wsum, addend: __wsum): __wsum {
	return csum_add(csum, ~addend >>> 0);
}

/**
 * Rotates a partial sum by one byte when it stands at an odd offset.
 * @kernel include/net/checksum.h:84 (v5.10)
 */
export function csum_block_add(csum: __wsum, csum2: __wsum, offset: number): __wsum {
	let sum = csum2;
	if ((offset & 1) !== 0) sum = ((sum << 24) | (sum >>> 8)) >>> 0;
	return csum_add(csum, sum);
}

/**
 * Takes a block's sum away, the block standing at an offset.
 * @kernel include/net/checksum.h:102 (v5.10)
 */
export function csum_block_sub(csum: __wsum, csum2: __wsum, offset: number): __wsum {
	return csum_block_add(csum, ~csum2 >>> 0, offset);
}

/**
 * Folds a partial sum to 16 bits and complements it.
 * @returns what stands in a header
 * @kernel PORT: the architecture gives it
 */
export function csum_fold(csum: __wsum): __sum16 {
	let sum = (csum & 0xffff) + (csum >>> 16);
	sum = (sum & 0xffff) + (sum >>> 16);
	return ~sum & 0xffff;
}

/**
 * Unfolds a stored checksum to a partial sum.
 * @kernel include/net/checksum.h:107 (v5.10)
 */
export function csum_unfold(n: __sum16): __wsum {
	return n;
}

/** From how many bytes on they are summed in words. */
const CSUM_WORDS = 96;

/** PORT: the view of what was summed last without one of its own. */
const csum_last: { buf: Uint8Array; view: DataView } = {
	buf: new Uint8Array(0),
	view: new DataView(new ArrayBuffer(0)),
};

/**
 * Sums bytes in 32-bit words of the host, which are little-endian.
 * @param view of the buffer that holds them
 * @param off first byte
 * @param len how many, up to 256 KB
 * @returns a partial sum of 16 bits
 * @kernel PORT: lib/checksum.c:44 do_csum
 */
function do_csum(view: DataView, off: number, len: number): number {
	let sum = 0;
	let high = 0;
	let i = off;
	for (const end = off + (len & ~31); i < end; i += 32) {
		const a = view.getInt32(i, true);
		const b = view.getInt32((i + 4) | 0, true);
		const c = view.getInt32((i + 8) | 0, true);
		const d = view.getInt32((i + 12) | 0, true);
		sum = (sum + a + b + c + d) | 0;
		high = (high + (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16)) | 0;
		const e = view.getInt32((i + 16) | 0, true);
		const f = view.getInt32((i + 20) | 0, true);
		const g = view.getInt32((i + 24) | 0, true);
		const h = view.getInt32((i + 28) | 0, true);
		sum = (sum + e + f + g + h) | 0;
		high = (high + (e >>> 16) + (f >>> 16) + (g >>> 16) + (h >>> 16)) | 0;
	}
	if ((len & 16) !== 0) {
		const a = view.getInt32(i, true);
		const b = view.getInt32((i + 4) | 0, true);
		const c = view.getInt32((i + 8) | 0, true);
		const d = view.getInt32((i + 12) | 0, true);
		sum = (sum + a + b + c + d) | 0;
		high = (high + (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16)) | 0;
		i += 16;
	}
	if ((len & 8) !== 0) {
		const a = view.getInt32(i, true);
		const b = view.getInt32((i + 4) | 0, true);
		sum = (sum + a + b) | 0;
		high = (high + (a >>> 16) + (b >>> 16)) | 0;
		i += 8;
	}
	if ((len & 4) !== 0) {
		const a = view.getInt32(i, true);
		sum = (sum + a) | 0;
		high = (high + (a >>> 16)) | 0;
		i += 4;
	}
	/* What the high halves did not bring are the low ones; neither passes 2^32. */
	const low = (sum - (high << 16)) | 0;
	let result = (low & 0xffff) + (low >>> 16) + (high & 0xffff) + (high >>> 16);
	if ((len & 2) !== 0) {
		result += view.getUint16(i, true);
		i += 2;
	}
	if ((len & 1) !== 0) result += view.getUint8(i);
	result = (result & 0xffff) + (result >>> 16);
	result = (result & 0xffff) + (result >>> 16);
	return ((result & 0xff) << 8) | (result >>> 8);
}

/**
 * Sums bytes of a buffer that has a view, as packets and pages do.
 * @param view of the buffer
 * @param off first byte
 * @param len how many, up to 256 KB; an odd last byte counts as the high half of a word
 * @param sum partial sum to add to
 * @kernel PORT: lib/checksum.c:117 csum_partial
 */
export function csum_partial_view(
	view: DataView,
	off: number,
	len: number,
	sum: __wsum,
): __wsum {
	return csum_add(sum, do_csum(view, off, len));
}

/**
 * Sums bytes.
 * @param buf where they are
 * @param off first byte
 * @param len how many, up to 256 KB; an odd last byte counts as the high half of a word
 * @param sum partial sum to add to
 * @kernel PORT: lib/checksum.c:117 csum_partial
 */
export function csum_partial(buf: Uint8Array, off: number, len: number, sum: __wsum): __wsum {
	if (len >= CSUM_WORDS) {
		const last = csum_last;
		if (last.buf !== buf) {
			last.buf = buf;
			last.view = new DataView(buf.buffer, buf.byteOffset, buf.length);
		}
		return csum_partial_view(last.view, off, len, sum);
	}
	let result = 0;
	const end = off + (len & ~1);
	let i = off;
	for (; i + 3 < end; i += 4)
		result =
			(result +
				((buf[i] << 8) | buf[i + 1]) +
				((buf[i + 2] << 8) | buf[i + 3])) |
			0;
	if (i < end) result = (result + ((buf[i] << 8) | buf[i + 1])) | 0;
	if ((len & 1) !== 0) result = (result + (buf[end] << 8)) | 0;
	return csum_add(sum, result);
}

/**
 * Checksum of a buffer as IP computes it.
 * @returns 16 bits to store
 * @kernel PORT: lib/checksum.c:132 ip_compute_csum
 */
export function ip_compute_csum(buf: Uint8Array, off: number, len: number): __sum16 {
	return csum_fold(csum_partial(buf, off, len, 0));
}

/**
 * Checksum of an IPv4 header.
 * @param view of the buffer
 * @param off where it starts
 * @param ihl its length in 32-bit words
 * @returns 16 bits to store; 0 over a header whose stored checksum is right
 * @kernel PORT: lib/checksum.c:105 ip_fast_csum
 */
export function ip_fast_csum(view: DataView, off: number, ihl: number): __sum16 {
	let sum = 0;
	let i = off;
	if (ihl >= 5) {
		const a = view.getInt32(i);
		const b = view.getInt32(i + 4);
		const c = view.getInt32(i + 8);
		const d = view.getInt32(i + 12);
		const e = view.getInt32(i + 16);
		sum = (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16) + (e >>> 16);
		sum += (a & 0xffff) + (b & 0xffff) + (c & 0xffff) + (d & 0xffff) + (e & 0xffff);
		i += 20;
	}
	for (const end = off + ihl * 4; i < end; i += 2) sum += view.getUint16(i);
	return csum_fold(sum);
}

/**
 * Adds the IPv4 pseudo header to a partial sum.
 * @param len bytes of transport header and data
 * @kernel PORT: lib/checksum.c:182 csum_tcpudp_nofold
 */
export function csum_tcpudp_nofold(
	saddr: __be32,
	daddr: __be32,
	len: number,
	proto: number,
	sum: __wsum,
): __wsum {
	return (
		(sum & 0xffff) +
		(sum >>> 16) +
		(saddr & 0xffff) +
		(saddr >>> 16) +
		(daddr & 0xffff) +
		(daddr >>> 16) +
		proto +
		(len & 0xffff) +
		(len >>> 16)
	);
}

/**
 * Checksum of a TCP or UDP segment over IPv4, given the sum of its bytes.
 * @returns 16 bits to store
 * @kernel PORT: the architecture gives it
 */
export function csum_tcpudp_magic(
	saddr: __be32,
	daddr: __be32,
	len: number,
	proto: number,
	sum: __wsum,
): __sum16 {
	return csum_fold(csum_tcpudp_nofold(saddr, daddr, len, proto, sum));
}

/**
 * Checksum of a segment over IPv6, given the sum of its bytes.
 * @param saddr buffer that holds the source address at soff
 * @param daddr buffer that holds the destination address at doff
 * @param len bytes of transport header and data
 * @returns 16 bits to store
 * @kernel include/net/ip6_checksum.h:32 (v5.10)
 */
export function csum_ipv6_magic(
	saddr: Uint8Array,
	soff: number,
	daddr: Uint8Array,
	doff: number,
	len: number,
	proto: number,
	sum: __wsum,
): __sum16 {
	let s = csum_partial(saddr, soff, 16, sum);
	s = csum_partial(daddr, doff, 16, s);
	s = csum_add(s, len);
	return csum_fold(csum_add(s, proto));
}

/**
 * Corrects a stored checksum for a changed 32-bit word.
 * @param view of the buffer that holds the checksum at off
 * @returns what is stored there now
 * @kernel include/net/checksum.h:124 (v5.10)
 */
export function csum_replace4(view: DataView, off: number, from: number, to: number): __sum16 {
	const check = view.getUint16(off);
	let sum =
		0xffff +
		(~check & 0xffff) +
		(~from & 0xffff) +
		((~from >>> 16) & 0xffff) +
		(to & 0xffff) +
		(to >>> 16);
	sum = (sum & 0xffff) + (sum >>> 16);
	sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
	view.setUint16(off, sum);
	return sum;
}

/**
 * Corrects a stored checksum for a changed 16-bit word.
 * @param view of the buffer that holds the checksum at off
 * @kernel include/net/checksum.h:137 (v5.10)
 */
export function csum_replace2(view: DataView, off: number, from: number, to: number): void {
	const check = view.getUint16(off);
	let sum = (~check & 0xffff) + (~from & 0xffff) + to;
	sum = (sum & 0xffff) + (sum >>> 16);
	sum = (sum & 0xffff) + (sum >>> 16);
	view.setUint16(off, ~sum);
}
