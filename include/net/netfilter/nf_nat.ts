/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nf_nat.h, base v5.10, with struct nf_nat_range2 of
 * include/uapi/linux/netfilter/nf_nat.h.
 *
 * Not ported: private data of NAT helpers (there are no helpers).
 */
import type { net_device } from '../../linux/netdevice.ts';
import { nf_inet_addr } from '../../linux/netfilter.ts';
import type { __be16 } from '../../linux/types.ts';
import { NF_INET_LOCAL_IN, NF_INET_POST_ROUTING } from '../../uapi/linux/netfilter.ts';
import {
	IPS_DST_NAT_DONE,
	IPS_SRC_NAT_DONE,
} from '../../uapi/linux/netfilter/nf_conntrack_common.ts';
import {
	CTINFO2DIR,
	IP_CT_DIR_ORIGINAL,
} from '../../uapi/linux/netfilter/nf_conntrack_tuple_common.ts';
import type { nf_conn } from './nf_conntrack.ts';

/* enum nf_nat_manip_type */
export const NF_NAT_MANIP_SRC = 0;
export const NF_NAT_MANIP_DST = 1;

/**
 * What a hook changes: the source at POST_ROUTING and LOCAL_IN, else the destination.
 * @returns NF_NAT_MANIP_*
 * @kernel include/net/netfilter/nf_nat.h:19 (v5.10)
 */
export function HOOK2MANIP(hooknum: number): number {
	return hooknum !== NF_INET_POST_ROUTING && hooknum !== NF_INET_LOCAL_IN
		? NF_NAT_MANIP_DST
		: NF_NAT_MANIP_SRC;
}

/** NAT part of a connection. */
export class nf_conn_nat {
	/** Index of the device that masquerading chose the address from, 0 for none. */
	masq_index = 0;
}

/** Addresses and ports that NAT may choose from. */
export class nf_nat_range2 {
	/** NF_NAT_RANGE_*. */
	flags = 0;
	readonly min_addr = new nf_inet_addr();
	readonly max_addr = new nf_inet_addr();
	min_proto: __be16 = 0 as __be16;
	max_proto: __be16 = 0 as __be16;
	/** Port that a shifted range counts from. */
	base_proto: __be16 = 0 as __be16;
}

/**
 * NAT part of a connection, null when it has none.
 * @kernel include/net/netfilter/nf_nat.h:48 (v5.10)
 */
export function nfct_nat(ct: nf_conn): nf_conn_nat | null {
	return ct.nat;
}

/**
 * Tells whether a masqueraded connection now leaves by another device.
 * @param ctinfo IP_CT_*
 * @kernel include/net/netfilter/nf_nat.h:57 (v5.10)
 */
export function nf_nat_oif_changed(
	hooknum: number,
	ctinfo: number,
	nat: nf_conn_nat | null,
	out: net_device | null,
): boolean {
	return (
		nat !== null &&
		nat.masq_index !== 0 &&
		hooknum === NF_INET_POST_ROUTING &&
		CTINFO2DIR(ctinfo) === IP_CT_DIR_ORIGINAL &&
		nat.masq_index !== out!.ifindex
	);
}

/**
 * Tells whether NAT of one kind has been settled for a connection.
 * @param manip NF_NAT_MANIP_*
 * @kernel include/net/netfilter/nf_nat.h:109 (v5.10)
 */
export function nf_nat_initialized(ct: nf_conn, manip: number): boolean {
	if (manip === NF_NAT_MANIP_SRC) return (ct.status & IPS_SRC_NAT_DONE) !== 0;
	return (ct.status & IPS_DST_NAT_DONE) !== 0;
}

/** One range of the older form that redirecting takes: ports in network order. */
export interface nf_nat_ipv4_range {
	/** NF_NAT_RANGE_*. */
	flags: number;
	min: __be16;
	max: __be16;
}

/** The older form of a range, with one element. */
export interface nf_nat_ipv4_multi_range_compat {
	range: readonly [nf_nat_ipv4_range];
}
