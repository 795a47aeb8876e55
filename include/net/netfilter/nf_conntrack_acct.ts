/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * include/net/netfilter/nf_conntrack_acct.h, base v5.10: packets and bytes of a connection.
 *
 * nf_ct_acct_update() needs nf_ct_acct_add() and lives in net/netfilter/nf_conntrack_core.ts.
 */
import type { net } from '../net_namespace.ts';
import type { nf_conn } from './nf_conntrack.ts';

/** Counter of one direction; below 2^53. */
export class nf_conn_counter {
	packets = 0;
	bytes = 0;
}

/** Counters by direction. */
export class nf_conn_acct {
	readonly counter: readonly [nf_conn_counter, nf_conn_counter] = [
		new nf_conn_counter(),
		new nf_conn_counter(),
	];
}

/**
 * Counters of a connection, null when it has none.
 * @kernel include/net/netfilter/nf_conntrack_acct.h:24 (v5.10)
 */
export function nf_conn_acct_find(ct: nf_conn): nf_conn_acct | null {
	return ct.acct;
}

/**
 * Gives a new connection counters when the namespace wants accounting.
 * @returns them or null
 * @kernel include/net/netfilter/nf_conntrack_acct.h:30 (v5.10)
 */
export function nf_ct_acct_ext_add(ct: nf_conn): nf_conn_acct | null {
	if (ct.ct_net.ct.sysctl_acct === 0) return null;
	ct.acct = new nf_conn_acct();
	return ct.acct;
}

/**
 * Tells whether a namespace counts.
 * @kernel include/net/netfilter/nf_conntrack_acct.h:51 (v5.10)
 */
export function nf_ct_acct_enabled(net: net): boolean {
	return net.ct.sysctl_acct !== 0;
}

/**
 * Switches counting of new connections.
 * @kernel include/net/netfilter/nf_conntrack_acct.h:61 (v5.10)
 */
export function nf_ct_set_acct(net: net, enable: boolean): void {
	net.ct.sysctl_acct = enable ? 1 : 0;
}
