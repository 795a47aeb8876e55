/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nf_tables_core.h, base v5.10.
 *
 * Private parts of the expressions that nft_do_chain() evaluates itself or that other files look into.
 * PORT: the types and functions that C declares here are exported by the files that define them.
 */
import { U32_ZERO } from '../../linux/types.ts';
import { nft_data } from './nf_tables.ts';

/** bitwise, four bytes */
export class nft_bitwise_fast_expr {
	mask = U32_ZERO;
	xor = 0;
	sreg = 0;
	dreg = 0;
}

/** cmp, up to four bytes, equal or not */
export class nft_cmp_fast_expr {
	data = 0;
	mask = U32_ZERO;
	sreg = 0;
	/** bits */
	len = 0;
	inv = false;
}

/** immediate */
export class nft_immediate_expr {
	readonly data = new nft_data();
	dreg = 0;
	dlen = 0;
}

/**
 * Mask of the low bits.
 * @param len bits, 8 to 32
 * @kernel include/net/netfilter/nf_tables_core.h:51 (v5.10)
 */
export function nft_cmp_fast_mask(len: number): number {
	return 0xffffffff >>> (32 - len);
}

/** payload, load */
export class nft_payload {
	/** NFT_PAYLOAD_*_HEADER */
	base = 0;
	/** bytes from there */
	offset = 0;
	/** bytes */
	len = 0;
	dreg = 0;
}

/** payload, store */
export class nft_payload_set {
	/** NFT_PAYLOAD_*_HEADER */
	base = 0;
	/** bytes from there */
	offset = 0;
	/** bytes */
	len = 0;
	sreg = 0;
	/** NFT_PAYLOAD_CSUM_* */
	csum_type = 0;
	/** bytes from the base */
	csum_offset = 0;
	/** NFT_PAYLOAD_L4CSUM_* */
	csum_flags = 0;
}
