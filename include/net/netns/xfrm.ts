/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netns/xfrm.h, base v5.10: IPsec state.
 */

/** Part of struct net. */
export class netns_xfrm {}
