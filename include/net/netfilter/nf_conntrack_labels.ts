/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nf_conntrack_labels.h, base v5.10: 128 bits that rules set on a connection.
 */
import type { nf_conn } from './nf_conntrack.ts';

export const NF_CT_LABELS_MAX_SIZE = 128 / 8;

/** Labels of a connection: four words, bit 0 in the first. */
export class nf_conn_labels {
	readonly bits = new Uint32Array(NF_CT_LABELS_MAX_SIZE / 4);
}

/**
 * Labels of a connection, null when it has none.
 * @kernel include/net/netfilter/nf_conntrack_labels.h:20 (v5.10)
 */
export function nf_ct_labels_find(ct: nf_conn): nf_conn_labels | null {
	return ct.labels;
}

/**
 * Gives a new connection labels when a rule of the namespace uses them.
 * @returns them or null
 * @kernel include/net/netfilter/nf_conntrack_labels.h:29 (v5.10)
 */
export function nf_ct_labels_ext_add(ct: nf_conn): nf_conn_labels | null {
	if (ct.ct_net.ct.labels_used === 0) return null;
	ct.labels = new nf_conn_labels();
	return ct.labels;
}
