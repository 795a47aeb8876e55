/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netns/conntrack.h, base v5.10: connection tracking state.
 */

/** Part of struct net. */
export class netns_ct {}
