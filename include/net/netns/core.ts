/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netns/core.h, base v5.10: per-namespace settings of the socket layer.
 */

/** Part of struct net. */
export class netns_core {
	sysctl_somaxconn = 4096;
	/** Sockets alive. */
	sock_inuse = 0;
}
