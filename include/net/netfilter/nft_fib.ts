/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nft_fib.h, base v5.10.
 * Private part of the fib expression.
 */
import type { net_device } from '../../linux/netdevice.ts';
import type { sk_buff } from '../../linux/skbuff.ts';
import { PACKET_LOOPBACK } from '../../linux/skbuff.ts';
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts';

/** fib */
export class nft_fib {
	dreg = 0;
	/** NFT_FIB_RESULT_* */
	result = 0;
	/** NFTA_FIB_F_* */
	flags = 0;
}

/**
 * Tells whether a packet came over the loopback device.
 * @param dev input device
 * @kernel include/net/netfilter/nft_fib.h:16 (v5.10)
 */
export function nft_fib_is_loopback(skb: sk_buff, dev: net_device): boolean {
	return skb.pkt_type === PACKET_LOOPBACK || (dev.flags & IFF_LOOPBACK) !== 0;
}
