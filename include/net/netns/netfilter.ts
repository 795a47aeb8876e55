/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netns/netfilter.h, base v5.10: hook entries a protocol family and hook.
 */
import type { nf_hook_entries } from '../../linux/netfilter.ts';

const NF_INET_NUMHOOKS = 5;

/** Part of struct net. */
export class netns_nf {
	/** Index is NF_INET_*; null when no hook is registered there. */
	readonly hooks_ipv4 = new Array<nf_hook_entries | null>(NF_INET_NUMHOOKS).fill(null);
	readonly hooks_ipv6 = new Array<nf_hook_entries | null>(NF_INET_NUMHOOKS).fill(null);
	readonly hooks_arp = new Array<nf_hook_entries | null>(3).fill(null);
	readonly hooks_bridge = new Array<nf_hook_entries | null>(NF_INET_NUMHOOKS).fill(null);
	/** net.netfilter.nf_log_all_netns belongs to init_net; kept there. */
	defrag_ipv4 = false;
	defrag_ipv6 = false;
}
