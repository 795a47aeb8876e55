/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/netfilter/nf_conntrack_common.h, base v5.10: counters and references.
 *
 * PORT: what nf_conntrack_destroy() does is a field of the connection, so that net/core/skbuff.ts can
 * drop a packet's connection without knowing connection tracking.
 */
import type { nf_conn } from '../../net/netfilter/nf_conntrack.ts';

/** Counters of a namespace. */
export class ip_conntrack_stat {
	found = 0;
	invalid = 0;
	insert = 0;
	insert_failed = 0;
	clash_resolve = 0;
	drop = 0;
	early_drop = 0;
	error = 0;
	expect_new = 0;
	expect_create = 0;
	expect_delete = 0;
	search_restart = 0;
}

/**
 * Drops a reference; the last one destroys the connection.
 * @kernel include/linux/netfilter/nf_conntrack_common.h:31 (v5.10)
 */
export function nf_conntrack_put(nfct: nf_conn | null): void {
	if (nfct !== null && --nfct.ct_general_use === 0) nfct.destroy(nfct);
}

/**
 * Takes a reference.
 * @kernel include/linux/netfilter/nf_conntrack_common.h:36 (v5.10)
 */
export function nf_conntrack_get(nfct: nf_conn | null): void {
	if (nfct !== null) nfct.ct_general_use++;
}
