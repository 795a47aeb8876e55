/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netns/nftables.h, base v5.10: nf_tables state.
 */

/** Part of struct net. */
export class netns_nftables {}
