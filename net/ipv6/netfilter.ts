// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv6/netfilter.c, base v5.10: routes for packets whose addresses were changed.
 *
 * Not ported: nf_ip6_reroute() (queues to user space), br_ip6_fragment() (bridges that collect fragments),
 * struct nf_ipv6_ops (IPv6 is never a module: callers import).
 */
import { ip6_dst_idev } from '../../include/net/ip6_fib.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { skb_headroom } from '../../include/linux/skbuff.ts';
import { IP6_INC_STATS } from '../../include/net/snmp.ts';
import type { sock } from '../../include/net/sock.ts';
import { machine_var } from '../../include/linux/machine.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { IP6CB, IP6SKB_XFRM_TRANSFORMED, ipv6_hdr } from '../../include/linux/ipv6.ts';
import { AF_INET6 } from '../../include/linux/socket.ts';
import type { dst_entry } from '../../include/net/dst.ts';
import { dst_release, skb_dst_set } from '../../include/net/dst.ts';
import { flowi6 } from '../../include/net/flow.ts';
import { sk_to_full_sk } from '../../include/net/inet_sock.ts';
import { RT6_LOOKUP_F_IFACE } from '../../include/net/ip6_route.ts';
import {
	IPV6_ADDR_LINKLOCAL,
	IPV6_ADDR_MULTICAST,
	ipv6_addr_copy,
	ipv6_addr_type,
} from '../../include/net/ipv6.ts';
import { xfrm_decode_session, xfrm_lookup_ops } from '../../include/net/xfrm.ts';
import { ENOMEM } from '../../include/uapi/linux/errno.ts';
import { IPV6HDR_daddr, IPV6HDR_saddr } from '../../include/uapi/linux/ipv6.ts';
import { IPSTATS_MIB_OUTNOROUTES } from '../../include/uapi/linux/snmp.ts';
import { pskb_expand_head, skb_dst_drop } from '../core/skbuff.ts';
import { ip6_route_output, ip6_route_output_flags } from './route.ts';

/* a variable on the stack in C */
const fl6_var = machine_var(() => new flowi6());

/**
 * Looks a local packet's route up again.
 * @param sk_partial the sender, or null
 * @returns 0 or a negative errno
 * @kernel net/ipv6/netfilter.c:23 (v5.10)
 */
export function ip6_route_me_harder(net: net, sk_partial: sock | null, skb: sk_buff): number {
	const iph = ipv6_hdr(skb);
	const sk = sk_to_full_sk(sk_partial);
	const strict =
		(ipv6_addr_type(skb.head, iph + IPV6HDR_daddr) &
			(IPV6_ADDR_MULTICAST | IPV6_ADDR_LINKLOCAL)) !==
		0;
	const fl6 = fl6_var.of(net.machine);

	fl6.clear();
	if (sk !== null && sk.sk_bound_dev_if !== 0) fl6.flowi6_oif = sk.sk_bound_dev_if;
	else if (strict) fl6.flowi6_oif = skb._dst!.dev!.ifindex;
	fl6.flowi6_mark = skb.mark;
	ipv6_addr_copy(fl6.daddr, skb.head, 0, iph + IPV6HDR_daddr);
	ipv6_addr_copy(fl6.saddr, skb.head, 0, iph + IPV6HDR_saddr);
	const rt = ip6_route_output(net, sk, fl6);
	if (rt.error !== 0) {
		const err = rt.error;
		IP6_INC_STATS(net, ip6_dst_idev(rt), IPSTATS_MIB_OUTNOROUTES);
		dst_release(rt);
		return err;
	}

	skb_dst_drop(skb);
	skb_dst_set(skb, rt);

	const { fn } = xfrm_lookup_ops.of(net.machine);
	if (
		fn !== null &&
		(IP6CB(skb).flags & IP6SKB_XFRM_TRANSFORMED) === 0 &&
		xfrm_decode_session(skb, fl6, AF_INET6) === 0
	) {
		skb_dst_set(skb, null);
		const dst = fn.xfrm_lookup(net, rt, fl6, sk, 0);
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
 * @param strict the interface of the flow must fit
 * @returns a referenced destination or a negative errno
 * @kernel PORT: __nf_ip6_route() of net/ipv6/netfilter.c and the inline of include/linux/netfilter_ipv6.h
 */
export function nf_ip6_route(net: net, fl6: flowi6, strict: boolean): dst_entry | number {
	/* C passes a socket that is bound to a device, for the sake of this flag. */
	const result = ip6_route_output_flags(net, null, fl6, strict ? RT6_LOOKUP_F_IFACE : 0);
	const err = result.error;

	if (err !== 0) {
		dst_release(result);
		return err;
	}
	return result;
}
