/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/arp.h, base v5.10.
 *
 * PORT: a device counts in the hash by its index instead of its address, so that runs repeat.
 * Inlines that need arp_tbl live at the top of net/ipv4/arp.ts: __ipv4_neigh_lookup_noref,
 * __ipv4_neigh_lookup, __ipv4_confirm_neigh.
 */
import type { net_device } from '../linux/netdevice.ts';
import type { u32 } from '../linux/types.ts';
import type { neigh_key } from './neighbour.ts';

/**
 * Hash of an IPv4 key.
 * @param pkey IPv4 address, network order
 * @kernel include/net/arp.h:13 (v5.10)
 */
export function arp_hashfn(pkey: neigh_key, dev: net_device, hash_rnd: Uint32Array): u32 {
	const val = (pkey as number) ^ Math.imul(dev.ifindex, 0x61c88647);
	return Math.imul(val, hash_rnd[0]) >>> 0;
}

/* struct arphdr, include/uapi/linux/if_arp.h */
export const ARPHDR_ar_hrd = 0;
export const ARPHDR_ar_pro = 2;
export const ARPHDR_ar_hln = 4;
export const ARPHDR_ar_pln = 5;
export const ARPHDR_ar_op = 6;
/** sizeof(struct arphdr) */
export const ARPHDR_LEN = 8;
