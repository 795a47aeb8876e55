/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netns/xfrm.h, base v5.10: IPsec state of a namespace.
 *
 * PORT: states by SPI are a map, policies of a direction are a list sorted as xfrm_policy_insert_list() does,
 * in place of hash tables that grow and of the tree of inexact policies.
 */
import type { xfrm_policy, xfrm_state } from '../xfrm.ts';

/** Part of struct net. */
export class netns_xfrm {
	/** Newest first. */
	readonly state_all: xfrm_state[] = [];
	readonly state_byspi = new Map<number, xfrm_state[]>();
	/** Newest first. */
	readonly policy_all: xfrm_policy[] = [];
	/** By XFRM_POLICY_IN, OUT, FWD: best first. */
	readonly policy_bydir: readonly [xfrm_policy[], xfrm_policy[], xfrm_policy[]] = [[], [], []];
	readonly policy_count: [number, number, number] = [0, 0, 0];
	sysctl_aevent_etime = 10;
	sysctl_aevent_rseqth = 2;
	/** By LINUX_MIB_XFRM*; net->mib.xfrm_statistics. */
	readonly xfrm_statistics: number[] = [];
	/** Packets are dropped while no state is there for them. */
	sysctl_larval_drop = 1;
	sysctl_acq_expires = 30;
}
