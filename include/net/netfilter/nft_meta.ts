/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nft_meta.h, base v5.10.
 * Private part of the meta expression.
 */

/** meta; dreg and sreg are one field in C */
export class nft_meta {
	/** NFT_META_* */
	key = 0;
	/** word index, when loading */
	dreg = 0;
	/** word index, when storing */
	sreg = 0;
}
