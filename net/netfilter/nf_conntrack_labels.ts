// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_conntrack_labels.c, base v5.10: bits that rules set on a connection.
 *
 * Not ported: the extension (labels are a field of nf_conn), events.
 */
import type { net } from '../../include/net/net_namespace.ts';
import { ENOSPC, ERANGE } from '../../include/uapi/linux/errno.ts';
import type { nf_conn } from '../../include/net/netfilter/nf_conntrack.ts';
import {
	NF_CT_LABELS_MAX_SIZE,
	nf_ct_labels_find,
} from '../../include/net/netfilter/nf_conntrack_labels.ts';

/**
 * Changes labels.
 * @param data bits to set or toggle, 32 a word
 * @param mask bits to be replaced, null for all
 * @param words32 words in both
 * @returns 0, or -ENOSPC when the connection has no labels
 * @kernel net/netfilter/nf_conntrack_labels.c:30 (v5.10)
 */
export function nf_connlabels_replace(
	ct: nf_conn,
	data: Uint32Array,
	mask: Uint32Array | null,
	words32: number,
): number {
	const labels = nf_ct_labels_find(ct);
	if (labels === null) return -ENOSPC;
	const dst = labels.bits;
	const n = Math.min(words32, dst.length);
	for (let i = 0; i < n; i++) dst[i] = (dst[i] & (mask === null ? 0 : ~mask[i])) ^ data[i];
	for (let i = n; i < dst.length; i++) dst[i] = 0;
	return 0;
}

/**
 * Notes that a rule uses labels, so that new connections get them.
 * @param bits highest label
 * @returns 0 or -ERANGE
 * @kernel net/netfilter/nf_conntrack_labels.c:61 (v5.10)
 */
export function nf_connlabels_get(net: net, bits: number): number {
	if (Math.floor(bits / 64) >= NF_CT_LABELS_MAX_SIZE / 8) return -ERANGE;
	net.ct.labels_used++;
	return 0;
}

/**
 * Notes that a rule with labels is gone.
 * @kernel net/netfilter/nf_conntrack_labels.c:74 (v5.10)
 */
export function nf_connlabels_put(net: net): void {
	net.ct.labels_used--;
}
