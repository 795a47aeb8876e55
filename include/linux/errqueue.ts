/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/errqueue.h, base v5.10: what a packet on an error queue carries.
 */
import type { __be16 } from './types.ts';
import type { sk_buff } from './skbuff.ts';
import { sock_extended_err } from '../uapi/linux/errqueue.ts';

/** Error description beside a packet on a socket's error queue. */
export class sock_exterr_skb {
	readonly ee = new sock_extended_err();
	/** Offset of the destination address in the quoted packet, from the network header. */
	addr_offset = 0;
	port: __be16 = 0 as __be16;
	opt_stats = false;
}

/**
 * The error description of a packet, made at first use.
 * @kernel include/linux/errqueue.h:12 (v5.10)
 */
export function SKB_EXT_ERR(skb: sk_buff): sock_exterr_skb {
	let e = skb.exterr;
	if (e === null) {
		e = new sock_exterr_skb();
		skb.exterr = e;
	}
	return e;
}
