/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netns/mib.h, base v5.10: protocol counters that a tool prints.
 */

/** Part of struct net. */
export class netns_mib {}
