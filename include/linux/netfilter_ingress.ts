/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/netfilter_ingress.h, base v5.10: hooks of a device.
 *
 * nf_hook_ingress() needs nf_hook_slow() and lives at the top of net/netfilter/core.ts.
 * Not ported: nf_hook_ingress_init(): a net_device is made without hooks.
 */
import type { sk_buff } from './skbuff.ts';

/**
 * Tells whether the packet's device has ingress hooks.
 * @kernel include/linux/netfilter_ingress.h:9 (v5.10)
 */
export function nf_hook_ingress_active(skb: sk_buff): boolean {
	return skb.dev!.nf_hooks_ingress !== null;
}
