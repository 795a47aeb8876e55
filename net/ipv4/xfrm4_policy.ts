// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv4/xfrm4_policy.c, base v5.10: what IPv4 does for policies.
 * Not ported: what the kernel calls through xfrm_dst's operations (xfrm4_dst_lookup, xfrm4_update_pmtu, xfrm4_redirect,
 * xfrm4_dst_destroy, xfrm4_dst_ifdown): a bundle here has the operations of its route; the sysctl of the garbage
 * threshold with xfrm4_net_sysctl_init, xfrm4_net_init and xfrm4_policy_init.
 */
import { htonl } from '../../include/linux/byteorder/generic.ts';
import type { Machine } from '../../include/linux/machine.ts';
import { dev_hold, type net_device } from '../../include/linux/netdevice.ts';
import { AF_INET } from '../../include/linux/socket.ts';
import type { __be32 } from '../../include/linux/types.ts';
import { type dst_entry, type dst_ops, dst_release } from '../../include/net/dst.ts';
import { flowi4, FLOWI_FLAG_SKIP_NH_OIF, type flowi } from '../../include/net/flow.ts';
import type { net } from '../../include/net/net_namespace.ts';
import {
	RTCF_BROADCAST,
	RTCF_LOCAL,
	RTCF_MULTICAST,
	type rtable,
} from '../../include/net/route.ts';
import { EHOSTUNREACH } from '../../include/uapi/linux/errno.ts';
import {
	xfrm_dst_child,
	xfrm_dst_destroy,
	xfrm_dst_ops,
	xfrm_policy_register_afinfo,
	type xfrm_dst,
} from '../xfrm/xfrm_policy.ts';
import { __ip_local_out } from './ip_output.ts';
import {
	ip_route_output_key,
	ipv4_blackhole_route,
	rt_add_uncached_list,
	rt_del_uncached_list,
} from './route.ts';
import { xfrm4_output } from './xfrm4_output.ts';

/**
 * Finds the route between the ends of a transform; `fl4` tells the addresses it uses.
 * @kernel net/ipv4/xfrm4_policy.c:20 (v5.10)
 */
function __xfrm4_dst_lookup(
	net: net,
	fl4: flowi4,
	tos: number,
	oif: number,
	saddr: __be32 | null,
	daddr: __be32,
): dst_entry | number {
	fl4.clear();
	fl4.daddr = daddr;
	fl4.flowi4_tos = tos;
	fl4.flowi4_oif = oif;
	fl4.saddr = saddr ?? htonl(0);
	fl4.flowi4_flags = FLOWI_FLAG_SKIP_NH_OIF;
	return ip_route_output_key(net, fl4);
}

/**
 * The address that this host uses towards an end of a transform.
 * @returns -EHOSTUNREACH without a route
 * @kernel net/ipv4/xfrm4_policy.c:55 (v5.10)
 */
function xfrm4_get_saddr(net: net, oif: number, daddr: __be32): { saddr: __be32 } | number {
	const fl4 = new flowi4();
	const dst = __xfrm4_dst_lookup(net, fl4, 0, oif, null, daddr);
	if (typeof dst === 'number') return -EHOSTUNREACH;
	dst_release(dst);
	return { saddr: fl4.saddr };
}

/**
 * Fills the IPv4 part of a destination of a bundle from the route that the flow had.
 * @kernel net/ipv4/xfrm4_policy.c:71 (v5.10)
 */
function xfrm4_fill_dst(xdst: xfrm_dst, dev: net_device, fl: flowi): void {
	const rt = xdst.route as rtable;
	xdst.rt_iif = fl.flowi_iif;
	xdst.dev = dev;
	dev_hold(dev);
	xdst.rt_is_input = rt.rt_is_input;
	xdst.rt_flags = (rt.rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST | RTCF_LOCAL)) >>> 0;
	xdst.rt_type = rt.rt_type;
	xdst.rt_uses_gateway = rt.rt_uses_gateway;
	xdst.rt_gw_family = rt.rt_gw_family;
	xdst.rt_gw4 = rt.rt_gw4;
	xdst.rt_gw6 = rt.rt_gw6;
	xdst.rt_pmtu = rt.rt_pmtu;
	xdst.rt_mtu_locked = rt.rt_mtu_locked;
	rt_add_uncached_list(xdst);
}

/**
 * Moves what is below a destination off a device that goes away.
 * @kernel net/xfrm/xfrm_policy.c:3748 (v5.10)
 */
function xfrm_dst_ifdown(first: dst_entry, dev: net_device): void {
	let dst = xfrm_dst_child(first);
	while (dst !== null && dst.xfrm !== null && dst.dev === dev) {
		dst.dev = dev.nd_net.loopback_dev!;
		dev_hold(dst.dev);
		dev.refcnt--;
		dst = xfrm_dst_child(dst);
	}
}

const xfrm4_dst_ops: dst_ops = {
	...xfrm_dst_ops,
	family: AF_INET,
	update_pmtu: (dst, sk, skb, mtu, confirm_neigh) => {
		const path = (dst as xfrm_dst).route!;
		path.ops.update_pmtu?.(path, sk, skb, mtu, confirm_neigh);
	},
	redirect: (dst, sk, skb) => {
		const path = (dst as xfrm_dst).route!;
		path.ops.redirect?.(path, sk, skb);
	},
	destroy: (dst) => {
		rt_del_uncached_list(dst as xfrm_dst);
		xfrm_dst_destroy(dst as xfrm_dst);
	},
	ifdown: (dst, dev, unregister) => {
		if (unregister) xfrm_dst_ifdown(dst, dev);
	},
	local_out: __ip_local_out,
};

/**
 * Makes IPv4's part known to the policies.
 * @kernel net/ipv4/xfrm4_policy.c:255 (v5.10)
 */
export function xfrm4_init(m: Machine): void {
	xfrm_policy_register_afinfo(m, {
		dst_ops: xfrm4_dst_ops,
		dst_lookup: (net, tos, oif, saddr, daddr) =>
			__xfrm4_dst_lookup(net, new flowi4(), tos, oif, saddr, daddr),
		get_saddr: xfrm4_get_saddr,
		fill_dst: xfrm4_fill_dst,
		blackhole_route: ipv4_blackhole_route,
		output: xfrm4_output,
	});
}
