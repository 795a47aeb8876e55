// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_conntrack_acct.c, base v5.10: whether a new namespace counts.
 *
 * Not ported: the module parameter and the extension (the counters are a field of nf_conn).
 */
import type { net } from '../../include/net/net_namespace.ts';
import { nf_ct_set_acct } from '../../include/net/netfilter/nf_conntrack_acct.ts';

/* what the module parameter is by default */
const nf_ct_acct = false;

/**
 * Gives a namespace its setting.
 * @kernel net/netfilter/nf_conntrack_acct.c:31 (v5.10)
 */
export function nf_conntrack_acct_pernet_init(net: net): void {
	nf_ct_set_acct(net, nf_ct_acct);
}
