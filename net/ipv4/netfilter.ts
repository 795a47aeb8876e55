// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv4/netfilter.c, base v5.10: routes for packets whose addresses were changed.
 */
import type { net } from '../../include/net/net_namespace.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { skb_headroom } from '../../include/linux/skbuff.ts';
import type { sock } from '../../include/net/sock.ts';
import { htonl, get_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import { machine_var } from '../../include/linux/machine.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { ip_hdr } from '../../include/linux/ip.ts';
import { AF_INET } from '../../include/linux/socket.ts';
import type { dst_entry } from '../../include/net/dst.ts';
import { skb_dst_set } from '../../include/net/dst.ts';
import { flowi4, FLOWI_FLAG_ANYSRC } from '../../include/net/flow.ts';
import { inet_sk_flowi_flags, sk_to_full_sk } from '../../include/net/inet_sock.ts';
import { IPCB, IPSKB_XFRM_TRANSFORMED } from '../../include/net/ip.ts';
import { l3mdev_master_ifindex } from '../../include/net/l3mdev.ts';
import { RT_TOS } from '../../include/net/route.ts';
import { xfrm_decode_session, xfrm_lookup_ops } from '../../include/net/xfrm.ts';
import { ENOMEM } from '../../include/uapi/linux/errno.ts';
import { IPHDR_daddr, IPHDR_saddr, IPHDR_tos } from '../../include/uapi/linux/ip.ts';
import { RTN_LOCAL, RTN_UNICAST, RTN_UNSPEC } from '../../include/uapi/linux/rtnetlink.ts';
import { pskb_expand_head, skb_dst_drop } from '../core/skbuff.ts';
import { inet_addr_type_dev_table } from './fib_frontend.ts';
import { ip_route_output_key } from './route.ts';

/* a variable on the stack in C */
const fl4_var = machine_var(() => new flowi4());

/**
 * Looks a local packet's route up again.
 * @param addr_type RTN_* of its source, RTN_UNSPEC: find out
 * @returns 0 or a negative errno
 * @kernel net/ipv4/netfilter.c:20 (v5.10)
 */
export function ip_route_me_harder(
	net: net,
	sk: sock | null,
	skb: sk_buff,
	addr_type: number,
): number {
	const iph = ip_hdr(skb);
	let saddr = get_unaligned_be32(skb.head, iph + IPHDR_saddr);
	const { dev } = skb._dst!;

	sk = sk_to_full_sk(sk);
	let flags = sk !== null ? inet_sk_flowi_flags(sk) : 0;

	if (addr_type === RTN_UNSPEC) addr_type = inet_addr_type_dev_table(net, dev, saddr);
	if (addr_type === RTN_LOCAL || addr_type === RTN_UNICAST) flags |= FLOWI_FLAG_ANYSRC;
	else saddr = htonl(0);

	/* A reset that is sent for another has a foreign source here. */
	const fl4 = fl4_var.of(net.machine);
	fl4.clear();
	fl4.daddr = get_unaligned_be32(skb.head, iph + IPHDR_daddr);
	fl4.saddr = saddr;
	fl4.flowi4_tos = RT_TOS(skb.head[iph + IPHDR_tos]);
	fl4.flowi4_oif = sk !== null ? sk.sk_bound_dev_if : 0;
	if (fl4.flowi4_oif === 0) fl4.flowi4_oif = l3mdev_master_ifindex(dev);
	fl4.flowi4_mark = skb.mark;
	fl4.flowi4_flags = flags;
	const rt = ip_route_output_key(net, fl4);
	if (IS_ERR(rt)) return rt;

	skb_dst_drop(skb);
	skb_dst_set(skb, rt);

	if (rt.error !== 0) return rt.error;

	const { fn } = xfrm_lookup_ops.of(net.machine);
	if (
		fn !== null &&
		(IPCB(skb).flags & IPSKB_XFRM_TRANSFORMED) === 0 &&
		xfrm_decode_session(skb, fl4, AF_INET) === 0
	) {
		skb_dst_set(skb, null);
		const dst = fn.xfrm_lookup(net, rt, fl4, sk, 0);
		if (IS_ERR(dst)) return dst;
		skb_dst_set(skb, dst);
	}

	/* Another device may have a longer header. */
	const hh_len = skb._dst!.dev!.hard_header_len;
	if (
		skb_headroom(skb) < hh_len &&
		pskb_expand_head(skb, (hh_len - skb_headroom(skb) + 15) & ~15, 0) !== 0
	)
		return -ENOMEM;
	return 0;
}

/**
 * Looks a route up for whoever knows only the family.
 * @returns a referenced destination or a negative errno
 * @kernel net/ipv4/netfilter.c:85 (v5.10)
 */
export function nf_ip_route(net: net, fl: flowi4): dst_entry | number {
	return ip_route_output_key(net, fl);
}
