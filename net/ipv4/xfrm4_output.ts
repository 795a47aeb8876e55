// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/xfrm4_output.c, base v5.10: output of a bundle.
 * Not ported: xfrm4_local_error, which a tunnel's local error report would call.
 */
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { dst_output } from '../../include/net/dst.ts';
import { IPCB, IPSKB_REROUTED } from '../../include/net/ip.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { sock } from '../../include/net/sock.ts';
import { NF_INET_POST_ROUTING, NFPROTO_IPV4 } from '../../include/uapi/linux/netfilter.ts';
import { NF_HOOK_COND } from '../netfilter/core.ts';
import { xfrm_output } from '../xfrm/xfrm_output.ts';

/**
 * Sends a packet that has passed the hooks; they may have given it a route without transforms.
 * @kernel net/ipv4/xfrm4_output.c:17 (v5.10)
 */
function __xfrm4_output(net: net, sk: sock | null, skb: sk_buff): number {
	if (skb._dst!.xfrm === null) {
		IPCB(skb).flags |= IPSKB_REROUTED;
		return dst_output(net, sk, skb);
	}
	return xfrm_output(sk, skb);
}

/**
 * Output of a bundle: the hooks, then the transforms.
 * @kernel net/ipv4/xfrm4_output.c:31 (v5.10)
 */
export function xfrm4_output(net: net, sk: sock | null, skb: sk_buff): number {
	return NF_HOOK_COND(
		NFPROTO_IPV4,
		NF_INET_POST_ROUTING,
		net,
		sk,
		skb,
		skb.dev,
		skb._dst!.dev,
		__xfrm4_output,
		(IPCB(skb).flags & IPSKB_REROUTED) === 0,
	);
}
