/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netns/ipv6.h, base v5.10: IPv6 settings, tables and protocol state.
 */

/** Part of struct net. */
export class netns_ipv6 {}
