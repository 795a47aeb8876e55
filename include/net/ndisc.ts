/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/ndisc.h, base v5.10: messages and options of neighbour discovery.
 *
 * PORT: a parsed option is its offset in skb.head, 0 for none. nd_tbl is reached by way of the table that
 * ipv6_stub holds, so __ipv6_neigh_lookup_noref_stub() and its kin are not needed beside the plain ones.
 * Not ported: ndisc_ops (6LoWPAN), InfiniBand padding.
 */
import type { net_device } from '../linux/netdevice.ts';
import type { neighbour } from './neighbour.ts';
import { HZ } from '../linux/machine.ts';
import { get_unaligned_be32 } from '../linux/byteorder/generic.ts';
import { __neigh_lookup_noref } from './neighbour.ts';
import { ipv6_stub } from './ipv6_stubs.ts';

export const NDISC_ROUTER_SOLICITATION = 133;
export const NDISC_ROUTER_ADVERTISEMENT = 134;
export const NDISC_NEIGHBOUR_SOLICITATION = 135;
export const NDISC_NEIGHBOUR_ADVERTISEMENT = 136;
export const NDISC_REDIRECT = 137;

export const NDISC_NODETYPE_UNSPEC = 0;
export const NDISC_NODETYPE_HOST = 1;
export const NDISC_NODETYPE_NODEFAULT = 2;
export const NDISC_NODETYPE_DEFAULT = 3;

export const __ND_OPT_PREFIX_INFO_END = 0;
export const ND_OPT_SOURCE_LL_ADDR = 1;
export const ND_OPT_TARGET_LL_ADDR = 2;
export const ND_OPT_PREFIX_INFO = 3;
export const ND_OPT_REDIRECT_HDR = 4;
export const ND_OPT_MTU = 5;
export const ND_OPT_NONCE = 14;
export const __ND_OPT_ARRAY_MAX = 15;
export const ND_OPT_ROUTE_INFO = 24;
export const ND_OPT_RDNSS = 25;
export const ND_OPT_DNSSL = 31;
export const ND_OPT_6CO = 34;
export const ND_OPT_CAPTIVE_PORTAL = 37;
export const ND_OPT_PREF64 = 38;

export const MAX_RTR_SOLICITATION_DELAY = HZ;

export const ND_REACHABLE_TIME = 30 * HZ;
export const ND_RETRANS_TIMER = HZ;

/* struct nd_msg: ICMPv6 header, target, options */
export const ND_MSG_target = 8;
export const ND_MSG_opt = 24;
/** sizeof(struct nd_msg) */
export const ND_MSG_LEN = 24;
/* struct rs_msg */
export const RS_MSG_opt = 8;
/** sizeof(struct rs_msg) */
export const RS_MSG_LEN = 8;
/* struct ra_msg */
export const RA_MSG_reachable_time = 8;
export const RA_MSG_retrans_timer = 12;
/** sizeof(struct ra_msg) */
export const RA_MSG_LEN = 16;
/* struct rd_msg */
export const RD_MSG_target = 8;
export const RD_MSG_dest = 24;
export const RD_MSG_opt = 40;
/** sizeof(struct rd_msg) */
export const RD_MSG_LEN = 40;
/* struct nd_opt_hdr */
export const ND_OPT_HDR_type = 0;
/** In units of 8 bytes. */
export const ND_OPT_HDR_len = 1;

/** Where the options of a message stand: offsets in skb.head, 0 for none. */
export class ndisc_options {
	readonly nd_opt_array = new Int32Array(__ND_OPT_ARRAY_MAX);
	nd_opts_ri = 0;
	nd_opts_ri_end = 0;
	nd_useropts = 0;
	nd_useropts_end = 0;
}

/**
 * Bytes an option takes whose data has a given length.
 * @kernel include/net/ndisc.h:134 (v5.10)
 */
export function NDISC_OPT_SPACE(len: number): number {
	return (len + 2 + 7) & ~7;
}

/**
 * Bytes a link address option takes on a device.
 * @kernel include/net/ndisc.h:335 (v5.10)
 */
export function ndisc_opt_addr_space(dev: net_device): number {
	return NDISC_OPT_SPACE(dev.addr_len);
}

/**
 * Offset of the link address in an option.
 * @param head the packet's bytes
 * @param p offset of the option
 * @returns 0 when the option's length does not fit the device
 * @kernel include/net/ndisc.h:364 (v5.10)
 */
export function ndisc_opt_addr_data(head: Uint8Array, p: number, dev: net_device): number {
	const lladdrlen = head[p + ND_OPT_HDR_len] << 3;
	if (lladdrlen !== NDISC_OPT_SPACE(dev.addr_len)) return 0;
	return p + 2;
}

/**
 * Hashes an address and a device for the neighbour table.
 * @param pkey 16 bytes
 * @kernel include/net/ndisc.h:371 (v5.10)
 */
export function ndisc_hashfn(pkey: Uint8Array, dev: net_device, hash_rnd: Uint32Array): number {
	return (
		(Math.imul(get_unaligned_be32(pkey, 0), hash_rnd[0]) +
			Math.imul(get_unaligned_be32(pkey, 4), hash_rnd[1]) +
			Math.imul(get_unaligned_be32(pkey, 8), hash_rnd[2]) +
			Math.imul(get_unaligned_be32(pkey, 12) ^ dev.ifindex, hash_rnd[3])) >>>
		0
	);
}

/**
 * Finds a neighbour without taking a reference.
 * @param pkey 16 bytes
 * @kernel include/net/ndisc.h:381 (v5.10)
 */
export function __ipv6_neigh_lookup_noref(dev: net_device, pkey: Uint8Array): neighbour | null {
	const tbl = ipv6_stub.of(dev.machine).nd_tbl;
	return tbl !== null ? __neigh_lookup_noref(tbl, pkey, dev) : null;
}

/**
 * Finds a neighbour and takes a reference.
 * @param pkey 16 bytes
 * @kernel include/net/ndisc.h:394 (v5.10)
 */
export function __ipv6_neigh_lookup(dev: net_device, pkey: Uint8Array): neighbour | null {
	const n = __ipv6_neigh_lookup_noref(dev, pkey);
	if (n === null || n.refcnt === 0) return null;
	n.refcnt++;
	return n;
}

/**
 * Notes that a neighbour was heard of.
 * @param pkey 16 bytes
 * @kernel include/net/ndisc.h:407 (v5.10)
 */
export function __ipv6_confirm_neigh(dev: net_device, pkey: Uint8Array): void {
	const n = __ipv6_neigh_lookup_noref(dev, pkey);
	if (n !== null) n.confirmed = dev.machine.jiffies;
}
