// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/core/utils.c, base v5.10: incremental transport checksums.
 *
 * PORT: the checksum is given as its offset in skb.head.
 * Not ported: in4_pton, in6_pton (text belongs to the user-land programs), net_ratelimit.
 */
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { CHECKSUM_COMPLETE, CHECKSUM_PARTIAL } from '../../include/linux/skbuff.ts';
import type { __sum16 } from '../../include/linux/types.ts';
import { csum_add, csum_fold, csum_replace4, csum_sub } from '../../include/net/checksum.ts';

/**
 * Corrects a transport checksum for a changed 32-bit word.
 * @param sum offset of the checksum in skb.head
 * @param pseudohdr whether the word is part of the pseudo header
 * @returns what is stored there now
 * @kernel net/core/utils.c:425 (v5.10)
 */
export function inet_proto_csum_replace4(
	sum: number,
	skb: sk_buff,
	from: number,
	to: number,
	pseudohdr: boolean,
): __sum16 {
	if (skb.ip_summed !== CHECKSUM_PARTIAL) {
		const check = csum_replace4(skb.view, sum, from, to);
		if (skb.ip_summed === CHECKSUM_COMPLETE && pseudohdr)
			skb.csum = ~csum_add(csum_sub(~skb.csum >>> 0, from >>> 0), to >>> 0) >>> 0;
		return check;
	}
	if (pseudohdr) {
		/* The stored value is the sum itself, not its complement. */
		const check = csum_sub(skb.view.getUint16(sum), from >>> 0);
		const folded = csum_fold(csum_add(check, to >>> 0));
		skb.view.setUint16(sum, ~folded);
	}
	return skb.view.getUint16(sum);
}

/**
 * Corrects a transport checksum for a changed 16-bit word.
 * @param sum offset of the checksum in skb.head
 * @param pseudohdr whether the word is part of the pseudo header
 * @returns what is stored there now
 * @kernel include/net/checksum.h:151 (v5.10)
 */
export function inet_proto_csum_replace2(
	sum: number,
	skb: sk_buff,
	from: number,
	to: number,
	pseudohdr: boolean,
): __sum16 {
	return inet_proto_csum_replace4(sum, skb, from, to, pseudohdr);
}

/**
 * Corrects a transport checksum for a changed IPv6 address.
 * @param sum offset of the checksum in skb.head
 * @param from the old one, four words
 * @param to the new one
 * @param pseudohdr whether the address is part of the pseudo header
 * @kernel net/core/utils.c:458 (v5.10)
 */
export function inet_proto_csum_replace16(
	sum: number,
	skb: sk_buff,
	from: Int32Array,
	to: Int32Array,
	pseudohdr: boolean,
): void {
	const h = skb.head;
	const partial = skb.ip_summed === CHECKSUM_PARTIAL;
	if (partial && !pseudohdr) return;
	const stored = (h[sum] << 8) | h[sum + 1];
	let diff = 0;
	for (let i = 0; i < 4; i++) {
		diff += (~from[i] & 0xffff) + (~from[i] >>> 16);
		diff += (to[i] & 0xffff) + (to[i] >>> 16);
	}
	const folded = csum_fold(csum_add(diff, partial ? stored : ~stored >>> 0));
	const v = partial ? ~folded & 0xffff : folded;
	h[sum] = v >>> 8;
	h[sum + 1] = v;
}
