/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nft_reject.h, base v5.10.
 * Private part of the reject expression.
 */

/** reject */
export class nft_reject {
	/** NFT_REJECT_* */
	type = 0;
	icmp_code = 0;
}
