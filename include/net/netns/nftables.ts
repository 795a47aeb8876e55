/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netns/nftables.h, base v5.10: nf_tables state.
 * Not ported: commit_mutex (nothing runs beside us), module_list (nothing is loaded on demand),
 * notify_list (no listener).
 */
import type { nft_table, nft_trans } from '../netfilter/nf_tables.ts';

/** Part of struct net. */
export class netns_nftables {
	tables: nft_table[] = [];
	/** What the running batch has done so far, in order. */
	commit_list: nft_trans[] = [];
	/** Generation number, grows with every committed batch; 0 is skipped. */
	base_seq = 1;
	/** 0 or 1: which generation packets see. */
	gencursor = 0;
	/** NFT_VALIDATE_* of net/netfilter/nf_tables_api.ts */
	validate_state = 0;
}
