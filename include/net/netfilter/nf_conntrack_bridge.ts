/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nf_conntrack_bridge.h, base v5.10: hooks that track bridged packets.
 */
import type { nf_hook_ops } from '../../linux/netfilter.ts';

/** What the bridge offers to connection tracking. */
export interface nf_ct_bridge_info {
	ops: readonly nf_hook_ops[];
}
