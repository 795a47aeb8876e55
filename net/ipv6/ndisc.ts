// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/ndisc.c, base v5.10: neighbour discovery: solicitations, advertisements, routers, redirects.
 *
 * PORT: an answer for an anycast address that is to be delayed waits on a timer of its own; the C has a queue
 * in net/core/neighbour.c for it. Addresses and link addresses of received messages are copied out.
 * Not ported: proxies, ndisc_ops (6LoWPAN), node types (tunnels), user options (nothing listens to
 * RTNLGRP_ND_USEROPT), optimistic DAD, link types but Ethernet, warnings about deprecated settings.
 */
import {
	get_unaligned_be16,
	get_unaligned_be32,
	put_unaligned_be16,
} from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { icmp6_hdr } from '../../include/linux/icmpv6.ts';
import { in6addr_linklocal_allnodes } from '../../include/linux/in6.ts';
import { inet6_sk, IP6CB, IP6SKB_FRAGMENTED, ipv6_hdr } from '../../include/linux/ipv6.ts';
import { HZ, machine_var, prandom_u32_max, type Machine } from '../../include/linux/machine.ts';
import {
	dev_hold,
	dev_put,
	LL_RESERVED_SPACE,
	NETDEV_CHANGE,
	NETDEV_CHANGEADDR,
	NETDEV_DOWN,
	NETDEV_NOTIFY_PEERS,
	netdev_notifier_change_info,
	netdev_notifier_info_to_dev,
	NETDEV_UP,
	netif_carrier_ok,
	netif_is_l3_master,
	netif_is_l3_slave,
	netif_running,
	type net_device,
	type netdev_notifier_info,
} from '../../include/linux/netdevice.ts';
import { NOTIFY_DONE } from '../../include/linux/notifier.ts';
import {
	PACKET_HOST,
	PACKET_LOOPBACK,
	skb_network_offset,
	skb_reserve,
	skb_reset_network_header,
	skb_reset_transport_header,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import { AF_INET6, PF_INET6, SOCK_RAW } from '../../include/linux/socket.ts';
import type { ctl_table } from '../../include/linux/sysctl.ts';
import { del_timer, mod_timer, timer_setup, type timer_list } from '../../include/linux/timer.ts';
import type { in6_addr } from '../../include/linux/types.ts';
import {
	__in6_dev_get,
	addrconf_addr_solict_mult,
	ADDRCONF_NOTIFY_PRIORITY,
	in6_dev_get,
	ipv6_addr_is_solict_mult,
} from '../../include/net/addrconf.ts';
import { csum_ipv6_magic, csum_partial } from '../../include/net/checksum.ts';
import {
	dst_link_failure,
	dst_neigh_lookup,
	dst_output,
	dst_release,
	RTAX_HOPLIMIT,
	RTAX_MTU,
	skb_dst_set,
} from '../../include/net/dst.ts';
import { flowi6 } from '../../include/net/flow.ts';
import {
	IF_RA_MANAGED,
	IF_RA_OTHERCONF,
	IF_RA_RCVD,
	IF_RS_SENT,
	ipv6_eth_mc_map,
	type inet6_dev,
	type inet6_ifaddr,
} from '../../include/net/if_inet6.ts';
import {
	fib6_set_expires,
	RTF_GATEWAY,
	RTF_PREF,
	RTF_PREF_MASK,
	type fib6_info,
	type rt6_info,
} from '../../include/net/ip6_fib.ts';
import { ROUTE_INFO_prefix_len } from '../../include/net/ip6_route.ts';
import {
	ip6_flow_hdr,
	ipv6_accept_ra,
	ipv6_addr_any,
	ipv6_addr_copy,
	ipv6_addr_equal,
	ipv6_addr_is_multicast,
	IPV6_ADDR_LINKLOCAL,
	ipv6_addr_type,
	IPV6_ADDR_UNICAST,
} from '../../include/net/ipv6.ts';
import { ipv6_stub } from '../../include/net/ipv6_stubs.ts';
import {
	ND_MSG_LEN,
	ND_MSG_opt,
	ND_MSG_target,
	ND_OPT_HDR_len,
	ND_OPT_HDR_type,
	ND_OPT_MTU,
	ND_OPT_NONCE,
	ND_OPT_PREFIX_INFO,
	ND_OPT_REDIRECT_HDR,
	ND_OPT_ROUTE_INFO,
	ND_OPT_SOURCE_LL_ADDR,
	ND_OPT_TARGET_LL_ADDR,
	ND_REACHABLE_TIME,
	ND_RETRANS_TIMER,
	__ND_OPT_PREFIX_INFO_END,
	ndisc_hashfn,
	NDISC_NEIGHBOUR_ADVERTISEMENT,
	NDISC_NEIGHBOUR_SOLICITATION,
	ndisc_opt_addr_data,
	ndisc_opt_addr_space,
	NDISC_OPT_SPACE,
	NDISC_REDIRECT,
	NDISC_ROUTER_ADVERTISEMENT,
	NDISC_ROUTER_SOLICITATION,
	RA_MSG_LEN,
	RA_MSG_reachable_time,
	RA_MSG_retrans_timer,
	RD_MSG_dest,
	RD_MSG_LEN,
	RD_MSG_opt,
	RD_MSG_target,
	RS_MSG_LEN,
	RS_MSG_opt,
	ndisc_options,
} from '../../include/net/ndisc.ts';
import {
	__neigh_parms_put,
	LOCALLY_ENQUEUED,
	NEIGH_ND_TABLE,
	neigh_hash_table,
	neigh_key_eq128,
	neigh_parms_clone,
	neigh_table,
	NEIGH_UPDATE_F_ISROUTER,
	NEIGH_UPDATE_F_OVERRIDE,
	NEIGH_UPDATE_F_OVERRIDE_ISROUTER,
	NEIGH_UPDATE_F_WEAK_OVERRIDE,
	NEIGH_VAR,
	NEIGH_VAR_ANYCAST_DELAY,
	NEIGH_VAR_APP_PROBES,
	NEIGH_VAR_BASE_REACHABLE_TIME,
	NEIGH_VAR_DELAY_PROBE_TIME,
	NEIGH_VAR_GC_STALETIME,
	NEIGH_VAR_MCAST_PROBES,
	NEIGH_VAR_PROXY_DELAY,
	NEIGH_VAR_PROXY_QLEN,
	NEIGH_VAR_QUEUE_LEN_BYTES,
	NEIGH_VAR_RETRANS_TIME,
	neigh_var_set,
	NEIGH_VAR_UCAST_PROBES,
	NUD_VALID,
	type neigh_key,
	type neigh_ops,
	type neigh_parms,
	type neighbour,
} from '../../include/net/neighbour.ts';
import type { net, pernet_operations } from '../../include/net/net_namespace.ts';
import { NL_SET_ERR_MSG, type netlink_ext_ack } from '../../include/net/netlink.ts';
import {
	ICMP6_INC_STATS,
	ICMP6MSGOUT_INC_STATS,
	IP6_UPD_PO_STATS,
} from '../../include/net/snmp.ts';
import { xfrm_lookup_ops } from '../../include/net/xfrm.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import {
	ICMP6_NA_OVERRIDE,
	ICMP6_NA_ROUTER,
	ICMP6_NA_SOLICITED,
	ICMP6_RA_MANAGED,
	ICMP6_RA_OTHER,
	ICMP6_RA_PREF_SHIFT,
	ICMP6HDR_cksum,
	ICMP6HDR_code,
	ICMP6HDR_hop_limit,
	ICMP6HDR_nd_advt,
	ICMP6HDR_ra_flags,
	ICMP6HDR_rt_lifetime,
	ICMP6HDR_type,
	ICMPV6_ROUTER_PREF_INVALID,
	ICMPV6_ROUTER_PREF_MEDIUM,
} from '../../include/uapi/linux/icmpv6.ts';
import {
	ARPHRD_ETHER,
	IFF_LOOPBACK,
	IFF_NOARP,
	IFF_POINTOPOINT,
} from '../../include/uapi/linux/if.ts';
import { IFA_F_TENTATIVE } from '../../include/uapi/linux/if_addr.ts';
import { ETH_P_IPV6 } from '../../include/uapi/linux/if_ether.ts';
import { IPPROTO_ICMPV6 } from '../../include/uapi/linux/in.ts';
import {
	IPV6_MIN_MTU,
	IPV6HDR_daddr,
	IPV6HDR_hop_limit,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_payload_len,
	IPV6HDR_saddr,
} from '../../include/uapi/linux/ipv6.ts';
import {
	NTF_ROUTER,
	NUD_FAILED,
	NUD_NOARP,
	NUD_REACHABLE,
	NUD_STALE,
} from '../../include/uapi/linux/neighbour.ts';
import { NF_INET_LOCAL_OUT, NFPROTO_IPV6 } from '../../include/uapi/linux/netfilter.ts';
import {
	RTM_NEWLINK,
	RTN_LOCAL,
	RTN_MULTICAST,
	RTN_UNICAST,
} from '../../include/uapi/linux/rtnetlink.ts';
import {
	ICMP6_MIB_OUTMSGS,
	IPSTATS_MIB_OUTOCTETS,
	IPSTATS_MIB_OUTPKTS,
} from '../../include/uapi/linux/snmp.ts';
import {
	__dev_get_by_index,
	netdev_master_upper_dev_get_rcu,
	register_netdevice_notifier,
} from '../core/dev.ts';
import {
	__neigh_lookup,
	neigh_app_ns,
	neigh_carrier_down,
	neigh_changeaddr,
	neigh_connected_output,
	neigh_direct_output,
	neigh_ifdown,
	neigh_lookup,
	neigh_rand_reach_time,
	neigh_release,
	neigh_resolve_output,
	neigh_sysctl_register,
	neigh_table_init,
	neigh_update,
} from '../core/neighbour.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import {
	__skb_push,
	alloc_skb,
	kfree_skb,
	pskb_pull,
	skb_clone,
	skb_copy_bits,
	skb_dst_drop,
	skb_linearize,
	skb_push,
	skb_put,
} from '../core/skbuff.ts';
import { skb_set_owner_w } from '../core/sock.ts';
import { inet_ctl_sock_create, inet_ctl_sock_destroy } from '../ipv4/inet_common.ts';
import { inet_getpeer_v6, inet_peer_xrlim_allow, inet_putpeer } from '../ipv4/inetpeer.ts';
import { NF_HOOK } from '../netfilter/core.ts';
import { in6_dev_put, in6_ifa_put } from './addrconf_core.ts';
import { ipv6_chk_acast_addr } from './anycast.ts';
import { fib6_info_release, fib6_metric_set, fib6_run_gc } from './ip6_fib.ts';
import {
	icmp6_dst_alloc,
	ip6_del_rt,
	ip6_neigh_lookup,
	ip6_redirect_no_header,
	ip6_route_output,
	rt6_add_dflt_router,
	rt6_clean_tohost,
	rt6_get_dflt_router,
	rt6_mtu_change,
	rt6_route_rcv,
} from './route.ts';

const ndisc_generic_ops: neigh_ops = {
	family: AF_INET6,
	solicit: ndisc_solicit,
	error_report: ndisc_error_report,
	output: neigh_resolve_output,
	connected_output: neigh_connected_output,
};

const ndisc_hh_ops: neigh_ops = {
	family: AF_INET6,
	solicit: ndisc_solicit,
	error_report: ndisc_error_report,
	output: neigh_resolve_output,
	connected_output: neigh_resolve_output,
};

const ndisc_direct_ops: neigh_ops = {
	family: AF_INET6,
	solicit: null,
	error_report: null,
	output: neigh_direct_output,
	connected_output: neigh_direct_output,
};

/** Bytes that may wait for one neighbour: SK_WMEM_MAX. */
const SK_WMEM_MAX = 212992;

/** All IPv6 neighbours of a machine. */
export const nd_tbl = machine_var(
	(m) =>
		new neigh_table(
			m,
			{
				family: AF_INET6,
				key_len: 16,
				protocol: ETH_P_IPV6,
				hash: ndisc_hash,
				key_eq: neigh_key_eq128,
				constructor_: ndisc_constructor,
				is_multicast: ndisc_is_multicast,
				allow_add: ndisc_allow_add,
				id: 'ndisc_cache',
				parms: [
					[NEIGH_VAR_MCAST_PROBES, 3],
					[NEIGH_VAR_UCAST_PROBES, 3],
					[NEIGH_VAR_RETRANS_TIME, ND_RETRANS_TIMER],
					[NEIGH_VAR_BASE_REACHABLE_TIME, ND_REACHABLE_TIME],
					[NEIGH_VAR_DELAY_PROBE_TIME, 5 * HZ],
					[NEIGH_VAR_GC_STALETIME, 60 * HZ],
					[NEIGH_VAR_QUEUE_LEN_BYTES, SK_WMEM_MAX],
					[NEIGH_VAR_PROXY_QLEN, 64],
					[NEIGH_VAR_ANYCAST_DELAY, HZ],
					[NEIGH_VAR_PROXY_DELAY, (8 * HZ) / 10],
				],
				reachable_time: ND_REACHABLE_TIME,
				gc_interval: 30 * HZ,
				gc_thresh1: 128,
				gc_thresh2: 512,
				gc_thresh3: 1024,
			},
			new neigh_hash_table(3),
		),
);

/**
 * Appends a link address option.
 * @param data the address
 * @kernel net/ipv6/ndisc.c:145 (v5.10)
 */
export function __ndisc_fill_addr_option(
	skb: sk_buff,
	type: number,
	data: Uint8Array,
	data_len: number,
): void {
	const space = NDISC_OPT_SPACE(data_len);
	const opt = skb_put(skb, space);
	const { head } = skb;

	head[opt] = type;
	head[opt + 1] = space >> 3;
	for (let i = 2; i < space; i++) head[opt + i] = i - 2 < data_len ? data[i - 2] : 0;
}

/**
 * Appends a link address option of the packet's device.
 * @kernel net/ipv6/ndisc.c:167 (v5.10)
 */
function ndisc_fill_addr_option(skb: sk_buff, type: number, data: Uint8Array): void {
	__ndisc_fill_addr_option(skb, type, data, skb.dev!.addr_len);
}

/**
 * Finds the next option of the same type.
 * @param cur offset of an option in head
 * @param end offset of the last of them
 * @returns 0 when there is none
 * @kernel net/ipv6/ndisc.c:183 (v5.10)
 */
function ndisc_next_option(head: Uint8Array, cur: number, end: number): number {
	if (cur === 0 || end === 0 || cur >= end) return 0;
	const type = head[cur + ND_OPT_HDR_type];
	do {
		cur += head[cur + ND_OPT_HDR_len] << 3;
	} while (cur < end && head[cur + ND_OPT_HDR_type] !== type);
	return cur <= end && head[cur + ND_OPT_HDR_type] === type ? cur : 0;
}

/**
 * Notes where the options of a message stand.
 * @param opt offset of the first in skb.head
 * @param opt_len bytes
 * @param ndopts takes the offsets
 * @returns ndopts, or null when an option does not fit
 * @kernel net/ipv6/ndisc.c:218 (v5.10)
 */
export function ndisc_parse_options(
	_dev: net_device,
	skb: sk_buff,
	opt: number,
	opt_len: number,
	ndopts: ndisc_options,
): ndisc_options | null {
	const { head } = skb;

	if (opt_len < 0) return null;
	ndopts.nd_opt_array.fill(0);
	ndopts.nd_opts_ri = 0;
	ndopts.nd_opts_ri_end = 0;
	ndopts.nd_useropts = 0;
	ndopts.nd_useropts_end = 0;
	while (opt_len !== 0) {
		if (opt_len < 2) return null;
		const l = head[opt + ND_OPT_HDR_len] << 3;
		if (opt_len < l || l === 0) return null;
		const type = head[opt + ND_OPT_HDR_type];
		switch (type) {
			case ND_OPT_SOURCE_LL_ADDR:
			case ND_OPT_TARGET_LL_ADDR:
			case ND_OPT_MTU:
			case ND_OPT_NONCE:
			case ND_OPT_REDIRECT_HDR:
				/* the first counts */
				if (ndopts.nd_opt_array[type] === 0)
					ndopts.nd_opt_array[type] = opt;
				break;
			case ND_OPT_PREFIX_INFO:
				ndopts.nd_opt_array[__ND_OPT_PREFIX_INFO_END] = opt;
				if (ndopts.nd_opt_array[type] === 0)
					ndopts.nd_opt_array[type] = opt;
				break;
			case ND_OPT_ROUTE_INFO:
				ndopts.nd_opts_ri_end = opt;
				if (ndopts.nd_opts_ri === 0) ndopts.nd_opts_ri = opt;
				break;
			default:
				/* unknown ones are none of our business */
				break;
		}
		opt_len -= l;
		opt += l;
	}
	return ndopts;
}

/**
 * Link address of a multicast group.
 * @param buf takes it
 * @param dir nonzero: the broadcast address will do for links without groups
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/ndisc.c:287 (v5.10)
 */
export function ndisc_mc_map(
	addr: in6_addr,
	buf: Uint8Array,
	dev: net_device,
	dir: number,
): number {
	if (dev.type === ARPHRD_ETHER) {
		ipv6_eth_mc_map(addr, buf);
		return 0;
	}
	if (dir !== 0) {
		for (let i = 0; i < dev.addr_len; i++) buf[i] = dev.broadcast[i]!;
		return 0;
	}
	return -EINVAL;
}

/**
 * Hashes a key of the neighbour table.
 * @kernel net/ipv6/ndisc.c:313 (v5.10)
 */
function ndisc_hash(pkey: neigh_key, dev: net_device, hash_rnd: Uint32Array): number {
	return typeof pkey === 'number' ? 0 : ndisc_hashfn(pkey, dev, hash_rnd);
}

/**
 * Completes a new neighbour: parameters, and how packets to it leave.
 * @returns 0, or -EINVAL when the device has no IPv6 side
 * @kernel net/ipv6/ndisc.c:325 (v5.10)
 */
function ndisc_constructor(neigh: neighbour): number {
	const addr = neigh.primary_key;
	const { dev } = neigh;
	const is_multicast = ipv6_addr_is_multicast(addr);

	const in6_dev = __in6_dev_get(dev);
	if (in6_dev === null || in6_dev.nd_parms === null) return -EINVAL;

	__neigh_parms_put(neigh.parms);
	neigh.parms = neigh_parms_clone(in6_dev.nd_parms);

	neigh.type = is_multicast ? RTN_MULTICAST : RTN_UNICAST;
	if (dev.header_ops === null) {
		neigh.nud_state = NUD_NOARP;
		neigh.ops = ndisc_direct_ops;
		neigh.output = neigh_direct_output;
	} else {
		if (is_multicast) {
			neigh.nud_state = NUD_NOARP;
			ndisc_mc_map(addr, neigh.ha, dev, 1);
		} else if ((dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) {
			neigh.nud_state = NUD_NOARP;
			for (let i = 0; i < dev.addr_len; i++) neigh.ha[i] = dev.dev_addr[i]!;
			if ((dev.flags & IFF_LOOPBACK) !== 0) neigh.type = RTN_LOCAL;
		} else if ((dev.flags & IFF_POINTOPOINT) !== 0) {
			neigh.nud_state = NUD_NOARP;
			for (let i = 0; i < dev.addr_len; i++) neigh.ha[i] = dev.broadcast[i]!;
		}
		neigh.ops = dev.header_ops.cache !== undefined ? ndisc_hh_ops : ndisc_generic_ops;
		neigh.output =
			(neigh.nud_state & NUD_VALID) !== 0
				? neigh.ops.connected_output
				: neigh.ops.output;
	}
	return 0;
}

/**
 * Tells whether a user may add a neighbour on a device.
 * @kernel net/ipv6/ndisc.c:399 (v5.10)
 */
function ndisc_allow_add(dev: net_device, extack: netlink_ext_ack | null): boolean {
	const idev = __in6_dev_get(dev);

	if (idev === null || idev.cnf.disable_ipv6 !== 0) {
		NL_SET_ERR_MSG(extack, 'IPv6 is disabled on this device');
		return false;
	}
	return true;
}

/**
 * Makes an empty packet for a message, on the account of the control socket.
 * @param len bytes of the message
 * @kernel net/ipv6/ndisc.c:412 (v5.10)
 */
function ndisc_alloc_skb(dev: net_device, len: number): sk_buff {
	const hlen = LL_RESERVED_SPACE(dev);
	const skb = alloc_skb(dev.machine, hlen + IPV6HDR_LEN + len + dev.needed_tailroom);

	skb.protocol = ETH_P_IPV6;
	skb.dev = dev;

	skb_reserve(skb, hlen + IPV6HDR_LEN);
	skb_reset_transport_header(skb);

	/* whatever the send buffer says */
	skb_set_owner_w(skb, dev.nd_net.ipv6.ndisc_sk!);
	return skb;
}

/**
 * Appends zeros for a message and sets its type.
 * @param len bytes
 * @returns offset in skb.head
 * @kernel PORT: skb_put() and the assignment of a struct
 */
function ndisc_put_msg(skb: sk_buff, len: number, type: number): number {
	const msg = skb_put(skb, len);
	skb.head.fill(0, msg, msg + len);
	skb.head[msg + ICMP6HDR_type] = type;
	return msg;
}

/**
 * Puts an IPv6 header on a message.
 * @kernel net/ipv6/ndisc.c:441 (v5.10)
 */
function ip6_nd_hdr(
	skb: sk_buff,
	saddr: in6_addr,
	daddr: in6_addr,
	hop_limit: number,
	len: number,
): void {
	const idev = __in6_dev_get(skb.dev!);
	const tclass = idev !== null ? idev.cnf.ndisc_tclass : 0;

	const hdr = skb_push(skb, IPV6HDR_LEN);
	skb_reset_network_header(skb);
	const { head } = skb;

	ip6_flow_hdr(head, hdr, tclass, 0);

	put_unaligned_be16(len, head, hdr + IPV6HDR_payload_len);
	head[hdr + IPV6HDR_nexthdr] = IPPROTO_ICMPV6;
	head[hdr + IPV6HDR_hop_limit] = hop_limit;

	ipv6_addr_copy(head, saddr, hdr + IPV6HDR_saddr);
	ipv6_addr_copy(head, daddr, hdr + IPV6HDR_daddr);
}

/**
 * Sends a message.
 * @kernel net/ipv6/ndisc.c:469 (v5.10)
 */
function ndisc_send_skb(skb: sk_buff, daddr: in6_addr, saddr: in6_addr): void {
	const dev = skb.dev!;
	const net = dev.nd_net;
	const sk = net.ipv6.ndisc_sk!;
	const icmp6h = icmp6_hdr(skb);
	const type = skb.head[icmp6h + ICMP6HDR_type];
	let dst = skb._dst;

	if (dst === null) {
		const fl6 = new flowi6();

		ipv6_stub
			.of(net.machine)
			.icmpv6_flow_init(sk, fl6, type, saddr, daddr, dev.ifindex);
		const made = icmp6_dst_alloc(dev, fl6);
		if (IS_ERR(made)) {
			kfree_skb(skb);
			return;
		}
		dst = made;
		skb_dst_set(skb, dst);
	}

	put_unaligned_be16(
		csum_ipv6_magic(
			saddr,
			0,
			daddr,
			0,
			skb.len,
			IPPROTO_ICMPV6,
			csum_partial(skb.head, icmp6h, skb.len, 0),
		),
		skb.head,
		icmp6h + ICMP6HDR_cksum,
	);

	ip6_nd_hdr(skb, saddr, daddr, inet6_sk(sk)!.hop_limit, skb.len);

	const idev = __in6_dev_get(dst.dev!);
	IP6_UPD_PO_STATS(net, idev, IPSTATS_MIB_OUTPKTS, IPSTATS_MIB_OUTOCTETS, skb.len);

	const err = NF_HOOK(
		NFPROTO_IPV6,
		NF_INET_LOCAL_OUT,
		net,
		sk,
		skb,
		null,
		dst.dev,
		dst_output,
	);
	if (err === 0) {
		ICMP6MSGOUT_INC_STATS(net, idev, type);
		ICMP6_INC_STATS(net, idev, ICMP6_MIB_OUTMSGS);
	}
}

/**
 * Sends a neighbour advertisement.
 * @param solicited_addr whose address it is about
 * @param inc_opt with our link address
 * @kernel net/ipv6/ndisc.c:519 (v5.10)
 */
export function ndisc_send_na(
	dev: net_device,
	daddr: in6_addr,
	solicited_addr: in6_addr,
	router: boolean,
	solicited: boolean,
	override: boolean,
	inc_opt: boolean,
): void {
	const net = dev.nd_net;
	const stub = ipv6_stub.of(net.machine);
	let src_addr = solicited_addr;
	let optlen = 0;

	/* an anycast address is no source */
	const ifp = stub.ipv6_get_ifaddr(net, solicited_addr, dev, 1);
	if (ifp !== null) {
		if (ifp.idev.cnf.force_tllao !== 0) inc_opt = true;
		in6_ifa_put(ifp);
	} else {
		src_addr = new Uint8Array(16);
		if (
			stub.ipv6_dev_get_saddr(
				net,
				dev,
				daddr,
				inet6_sk(net.ipv6.ndisc_sk!)!.srcprefs,
				src_addr,
			) !== 0
		)
			return;
	}

	if (dev.addr_len === 0) inc_opt = false;
	if (inc_opt) optlen += ndisc_opt_addr_space(dev);

	const skb = ndisc_alloc_skb(dev, ND_MSG_LEN + optlen);
	const msg = ndisc_put_msg(skb, ND_MSG_LEN, NDISC_NEIGHBOUR_ADVERTISEMENT);
	skb.head[msg + ICMP6HDR_nd_advt] =
		(router ? ICMP6_NA_ROUTER : 0) |
		(solicited ? ICMP6_NA_SOLICITED : 0) |
		(override ? ICMP6_NA_OVERRIDE : 0);
	ipv6_addr_copy(skb.head, solicited_addr, msg + ND_MSG_target);

	if (inc_opt) ndisc_fill_addr_option(skb, ND_OPT_TARGET_LL_ADDR, dev.dev_addr);

	ndisc_send_skb(skb, daddr, src_addr);
}

/**
 * Tells all nodes on a link of all addresses of a device.
 * @kernel net/ipv6/ndisc.c:575 (v5.10)
 */
function ndisc_send_unsol_na(dev: net_device): void {
	const idev = in6_dev_get(dev);
	if (idev === null) return;

	for (const ifa of idev.addr_list.slice()) {
		/* those being checked are not ours yet */
		if ((ifa.flags & IFA_F_TENTATIVE) !== 0) continue;

		ndisc_send_na(
			dev,
			in6addr_linklocal_allnodes,
			ifa.addr,
			idev.cnf.forwarding !== 0,
			false,
			true,
			true,
		);
	}

	in6_dev_put(idev);
}

/**
 * Sends a neighbour solicitation.
 * @param solicit whom to ask for
 * @param saddr source; null: a link-local address of the device; :: for duplicate address detection
 * @param nonce six bytes, or null
 * @kernel net/ipv6/ndisc.c:601 (v5.10)
 */
export function ndisc_send_ns(
	dev: net_device,
	solicit: in6_addr,
	daddr: in6_addr,
	saddr: in6_addr | null,
	nonce: Uint8Array | null,
): void {
	let inc_opt = dev.addr_len !== 0;
	let optlen = 0;

	if (saddr === null) {
		saddr = new Uint8Array(16);
		if (ipv6_stub.of(dev.machine).ipv6_get_lladdr(dev, saddr, IFA_F_TENTATIVE) !== 0)
			return;
	}

	if (ipv6_addr_any(saddr)) inc_opt = false;
	if (inc_opt) optlen += ndisc_opt_addr_space(dev);
	if (nonce !== null) optlen += 8;

	const skb = ndisc_alloc_skb(dev, ND_MSG_LEN + optlen);
	const msg = ndisc_put_msg(skb, ND_MSG_LEN, NDISC_NEIGHBOUR_SOLICITATION);
	ipv6_addr_copy(skb.head, solicit, msg + ND_MSG_target);

	if (inc_opt) ndisc_fill_addr_option(skb, ND_OPT_SOURCE_LL_ADDR, dev.dev_addr);
	if (nonce !== null) {
		const opt = skb_put(skb, 8);
		skb.head[opt] = ND_OPT_NONCE;
		skb.head[opt + 1] = 8 >> 3;
		for (let i = 0; i < 6; i++) skb.head[opt + 2 + i] = nonce[i]!;
	}

	ndisc_send_skb(skb, daddr, saddr);
}

/**
 * Sends a router solicitation.
 * @kernel net/ipv6/ndisc.c:653 (v5.10)
 */
export function ndisc_send_rs(dev: net_device, saddr: in6_addr, daddr: in6_addr): void {
	let send_sllao = dev.addr_len !== 0;
	let optlen = 0;

	if (send_sllao) {
		const ifp = ipv6_stub.of(dev.machine).ipv6_get_ifaddr(dev.nd_net, saddr, dev, 1);
		if (ifp !== null) in6_ifa_put(ifp);
		else send_sllao = false;
	}
	if (send_sllao) optlen += ndisc_opt_addr_space(dev);

	const skb = ndisc_alloc_skb(dev, RS_MSG_LEN + optlen);
	ndisc_put_msg(skb, RS_MSG_LEN, NDISC_ROUTER_SOLICITATION);

	if (send_sllao) ndisc_fill_addr_option(skb, ND_OPT_SOURCE_LL_ADDR, dev.dev_addr);

	ndisc_send_skb(skb, daddr, saddr);
}

/**
 * A neighbour does not answer: tells the sender of a packet that waited.
 * @kernel net/ipv6/ndisc.c:706 (v5.10)
 */
function ndisc_error_report(_neigh: neighbour, skb: sk_buff): void {
	dst_link_failure(skb);
	kfree_skb(skb);
}

/**
 * Asks for a neighbour once: itself, then everyone.
 * @param skb packet that waits, or null
 * @kernel net/ipv6/ndisc.c:718 (v5.10)
 */
function ndisc_solicit(neigh: neighbour, skb: sk_buff | null): void {
	const { dev } = neigh;
	const target = neigh.primary_key;
	let saddr: in6_addr | null = null;
	let { probes } = neigh;

	if (skb !== null) {
		const at = ipv6_hdr(skb) + IPV6HDR_saddr;
		const src = skb.head.slice(at, at + 16);
		if (
			ipv6_stub
				.of(dev.machine)
				.ipv6_chk_addr_and_flags(
					dev.nd_net,
					src,
					dev,
					false,
					1,
					IFA_F_TENTATIVE,
				)
		)
			saddr = src;
	}
	probes -= NEIGH_VAR(neigh.parms, NEIGH_VAR_UCAST_PROBES);
	if (probes < 0) {
		ndisc_send_ns(dev, target, target, saddr, null);
		return;
	}
	probes -= NEIGH_VAR(neigh.parms, NEIGH_VAR_APP_PROBES);
	if (probes < 0) {
		neigh_app_ns(neigh);
	} else {
		const mcaddr = new Uint8Array(16);
		addrconf_addr_solict_mult(target, mcaddr);
		ndisc_send_ns(dev, target, mcaddr, saddr, null);
	}
}

/**
 * Brings news about a neighbour.
 * @param state NUD_*
 * @param flags NEIGH_UPDATE_F_*
 * @kernel net/ipv6/ndisc.c:761 (v5.10)
 */
export function ndisc_update(
	_dev: net_device,
	neigh: neighbour,
	lladdr: Uint8Array | null,
	state: number,
	flags: number,
	_icmp6_type: number,
): void {
	neigh_update(neigh, lladdr, state, flags);
}

/** Solicitations whose answer is delayed. */
const proxy_queue = machine_var(() => new Map<sk_buff, timer_list>());

/**
 * Lets a solicitation be taken once more after a random time.
 * @param skb taken over
 * @kernel PORT: net/core/neighbour.c pneigh_enqueue
 */
function pneigh_enqueue(p: neigh_parms, skb: sk_buff): void {
	const m = skb.machine;
	const queue = proxy_queue.of(m);

	if (queue.size > NEIGH_VAR(p, NEIGH_VAR_PROXY_QLEN)) {
		kfree_skb(skb);
		return;
	}

	skb.cb0 |= LOCALLY_ENQUEUED;
	skb_dst_drop(skb);
	const dev = skb.dev!;
	dev_hold(dev);
	const timer = timer_setup(m, () => {
		queue.delete(skb);
		if (netif_running(dev)) pndisc_redo(skb);
		else kfree_skb(skb);
		dev_put(dev);
	});
	queue.set(skb, timer);
	mod_timer(timer, m.jiffies + prandom_u32_max(m, NEIGH_VAR(p, NEIGH_VAR_PROXY_DELAY)));
}

/**
 * Drops the solicitations of a device that wait.
 * @kernel PORT: net/core/neighbour.c pneigh_queue_purge
 */
function pneigh_queue_purge(dev: net_device): void {
	const queue = proxy_queue.of(dev.machine);
	for (const [skb, timer] of queue) {
		if (skb.dev !== dev) continue;
		del_timer(timer);
		queue.delete(skb);
		kfree_skb(skb);
		dev_put(dev);
	}
}

/**
 * Link address in an option of a message.
 * @param opt offset of the option, 0 for none
 * @returns the address, null without option, -EINVAL when its length is wrong
 * @kernel PORT: ndisc_opt_addr_data() with what its callers do
 */
function opt_lladdr(skb: sk_buff, opt: number, dev: net_device): Uint8Array | null | number {
	if (opt === 0) return null;
	const at = ndisc_opt_addr_data(skb.head, opt, dev);
	return at === 0 ? -EINVAL : skb.head.slice(at, at + dev.addr_len);
}

/**
 * Copies an address out of a packet.
 * @kernel PORT: the C keeps pointers into the packet
 */
function addr_at(skb: sk_buff, off: number): in6_addr {
	return skb.head.slice(off, off + 16);
}

/**
 * Takes a neighbour solicitation.
 * @param skb data at the message
 * @kernel net/ipv6/ndisc.c:770 (v5.10)
 */
function ndisc_recv_ns(skb: sk_buff): void {
	const m = skb.machine;
	const stub = ipv6_stub.of(m);
	const msg = skb.transport_header;
	const saddr = addr_at(skb, ipv6_hdr(skb) + IPV6HDR_saddr);
	const daddr = addr_at(skb, ipv6_hdr(skb) + IPV6HDR_daddr);
	const dev = skb.dev!;
	const net = dev.nd_net;
	const ndopts = new ndisc_options();
	const dad = ipv6_addr_any(saddr);

	if (skb.len < ND_MSG_LEN) return;
	const target = addr_at(skb, msg + ND_MSG_target);

	if (ipv6_addr_is_multicast(target)) return;

	/* detection of duplicates goes to the solicited-node group */
	if (dad && !ipv6_addr_is_solict_mult(daddr)) return;

	if (
		ndisc_parse_options(
			dev,
			skb,
			msg + ND_MSG_opt,
			skb.tail - (msg + ND_MSG_opt),
			ndopts,
		) === null
	)
		return;

	const lladdr = opt_lladdr(skb, ndopts.nd_opt_array[ND_OPT_SOURCE_LL_ADDR], dev);
	if (typeof lladdr === 'number') return;
	if (lladdr !== null && dad) return;

	const nonce_opt = ndopts.nd_opt_array[ND_OPT_NONCE];
	const has_nonce = nonce_opt !== 0 && skb.head[nonce_opt + ND_OPT_HDR_len] === 1;

	const inc = ipv6_addr_is_multicast(daddr);

	let ifp = stub.ipv6_get_ifaddr(net, target, dev, 1);
	if (ifp === null && netif_is_l3_slave(dev)) {
		/* perhaps an address of the VRF */
		const mdev = netdev_master_upper_dev_get_rcu(dev);
		if (mdev !== null) ifp = stub.ipv6_get_ifaddr(net, target, mdev, 1);
	}

	let idev: inet6_dev | null = null;
	out: {
		if (ifp !== null) {
			if ((ifp.flags & IFA_F_TENTATIVE) !== 0) {
				if (dad) {
					/* our own, looped back? */
					if (has_nonce && same_nonce(ifp, skb.head, nonce_opt + 2))
						break out;

					/* another node checks the same address: both fail */
					stub.addrconf_dad_failure(skb, ifp);
					return;
				}
				break out;
			}
			({ idev } = ifp);
		} else {
			idev = in6_dev_get(dev);
			if (idev === null) return;

			if (!ipv6_chk_acast_addr(net, dev, target)) break out;

			if (
				(skb.cb0 & LOCALLY_ENQUEUED) === 0 &&
				skb.pkt_type !== PACKET_HOST &&
				inc &&
				NEIGH_VAR(idev.nd_parms!, NEIGH_VAR_PROXY_DELAY) !== 0
			) {
				/* others may have the anycast address, too: answers are spread in time */
				pneigh_enqueue(idev.nd_parms!, skb_clone(skb));
				break out;
			}
		}

		const is_router = idev.cnf.forwarding !== 0;

		if (dad) {
			ndisc_send_na(
				dev,
				in6addr_linklocal_allnodes,
				target,
				is_router,
				false,
				ifp !== null,
				true,
			);
			break out;
		}

		const tbl = nd_tbl.of(m);
		if (inc) tbl.stats.rcv_probes_mcast++;
		else tbl.stats.rcv_probes_ucast++;

		/* who asks will be answered, so his link address is good to know */
		const neigh = __neigh_lookup(
			tbl,
			saddr,
			dev,
			!inc || lladdr !== null || dev.addr_len === 0,
		);
		if (neigh !== null)
			ndisc_update(
				dev,
				neigh,
				lladdr,
				NUD_STALE,
				NEIGH_UPDATE_F_WEAK_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE,
				NDISC_NEIGHBOUR_SOLICITATION,
			);
		if (neigh !== null || dev.header_ops === null) {
			ndisc_send_na(
				dev,
				saddr,
				target,
				is_router,
				true,
				ifp !== null && inc,
				inc,
			);
			if (neigh !== null) neigh_release(neigh);
		}
	}

	if (ifp !== null) in6_ifa_put(ifp);
	else if (idev !== null) in6_dev_put(idev);
}

/**
 * Tells whether a nonce is the one that an address is being checked with.
 * @kernel PORT: ifp->dad_nonce == nonce, of values other than 0
 */
function same_nonce(ifp: inet6_ifaddr, head: Uint8Array, off: number): boolean {
	let any = 0;
	for (let i = 0; i < 6; i++) {
		if (ifp.dad_nonce[i] !== head[off + i]) return false;
		any |= head[off + i];
	}
	return any !== 0;
}

/**
 * Takes a neighbour advertisement.
 * @param skb data at the message
 * @kernel net/ipv6/ndisc.c:954 (v5.10)
 */
function ndisc_recv_na(skb: sk_buff): void {
	const stub = ipv6_stub.of(skb.machine);
	const msg = skb.transport_header;
	const dev = skb.dev!;
	const net = dev.nd_net;
	const idev = __in6_dev_get(dev);
	const ndopts = new ndisc_options();

	if (skb.len < ND_MSG_LEN) return;
	const target = addr_at(skb, msg + ND_MSG_target);
	const flags = skb.head[msg + ICMP6HDR_nd_advt];
	const solicited = (flags & ICMP6_NA_SOLICITED) !== 0;

	if (ipv6_addr_is_multicast(target)) return;

	if (ipv6_addr_is_multicast(skb.head, ipv6_hdr(skb) + IPV6HDR_daddr) && solicited) return;

	if (!solicited && idev !== null && idev.cnf.drop_unsolicited_na !== 0) return;

	if (
		ndisc_parse_options(
			dev,
			skb,
			msg + ND_MSG_opt,
			skb.tail - (msg + ND_MSG_opt),
			ndopts,
		) === null
	)
		return;
	const lladdr = opt_lladdr(skb, ndopts.nd_opt_array[ND_OPT_TARGET_LL_ADDR], dev);
	if (typeof lladdr === 'number') return;

	const ifp = stub.ipv6_get_ifaddr(net, target, dev, 1);
	if (ifp !== null) {
		if (skb.pkt_type !== PACKET_LOOPBACK && (ifp.flags & IFA_F_TENTATIVE) !== 0) {
			stub.addrconf_dad_failure(skb, ifp);
			return;
		}
		/* someone else says that our address is his */
		in6_ifa_put(ifp);
		return;
	}

	const neigh = neigh_lookup(nd_tbl.of(skb.machine), target, dev);
	if (neigh === null) return;
	if ((neigh.nud_state & NUD_FAILED) === 0) {
		const old_flags = neigh.flags;

		ndisc_update(
			dev,
			neigh,
			lladdr,
			solicited ? NUD_REACHABLE : NUD_STALE,
			NEIGH_UPDATE_F_WEAK_OVERRIDE |
				((flags & ICMP6_NA_OVERRIDE) !== 0 ? NEIGH_UPDATE_F_OVERRIDE : 0) |
				NEIGH_UPDATE_F_OVERRIDE_ISROUTER |
				((flags & ICMP6_NA_ROUTER) !== 0 ? NEIGH_UPDATE_F_ISROUTER : 0),
			NDISC_NEIGHBOUR_ADVERTISEMENT,
		);

		/* a router became a host */
		if ((old_flags & ~neigh.flags & NTF_ROUTER) !== 0)
			rt6_clean_tohost(net, addr_at(skb, ipv6_hdr(skb) + IPV6HDR_saddr));
	}
	neigh_release(neigh);
}

/**
 * Takes a router solicitation: as a router, learns the neighbour.
 * @param skb data at the message
 * @kernel net/ipv6/ndisc.c:1068 (v5.10)
 */
function ndisc_recv_rs(skb: sk_buff): void {
	const rs_msg = skb.transport_header;
	const dev = skb.dev!;
	const ndopts = new ndisc_options();

	if (skb.len < RS_MSG_LEN) return;

	const idev = __in6_dev_get(dev);
	if (idev === null) return;

	if (idev.cnf.forwarding === 0) return;

	const saddr = addr_at(skb, ipv6_hdr(skb) + IPV6HDR_saddr);
	if (ipv6_addr_any(saddr)) return;

	if (
		ndisc_parse_options(dev, skb, rs_msg + RS_MSG_opt, skb.len - RS_MSG_LEN, ndopts) ===
		null
	)
		return;

	const lladdr = opt_lladdr(skb, ndopts.nd_opt_array[ND_OPT_SOURCE_LL_ADDR], dev);
	if (typeof lladdr === 'number') return;

	const neigh = __neigh_lookup(nd_tbl.of(skb.machine), saddr, dev, true);
	if (neigh !== null) {
		ndisc_update(
			dev,
			neigh,
			lladdr,
			NUD_STALE,
			NEIGH_UPDATE_F_WEAK_OVERRIDE |
				NEIGH_UPDATE_F_OVERRIDE |
				NEIGH_UPDATE_F_OVERRIDE_ISROUTER,
			NDISC_ROUTER_SOLICITATION,
		);
		neigh_release(neigh);
	}
}

/** What the parts of ndisc_router_discovery() hand on. */
interface ra_state {
	rt: fib6_info | null;
	neigh: neighbour | null;
}

/**
 * Takes the default router of an advertisement.
 * @returns false when something went wrong and the message is done with
 * @kernel PORT: the part of ndisc_router_discovery() before its label skip_defrtr
 */
function ndisc_ra_defrtr(skb: sk_buff, in6_dev: inet6_dev, saddr: in6_addr, st: ra_state): boolean {
	const { head } = skb;
	const ra_msg = skb.transport_header;
	const dev = skb.dev!;
	const net = dev.nd_net;
	const { cnf } = in6_dev;

	if (cnf.accept_ra_defrtr === 0) return true;

	/* not from ourselves, unless that is wanted */
	if (
		cnf.accept_ra_from_local === 0 &&
		ipv6_stub.of(net.machine).ipv6_chk_addr(net, saddr, in6_dev.dev, 0)
	)
		return true;

	const lifetime = get_unaligned_be16(head, ra_msg + ICMP6HDR_rt_lifetime);

	let pref = (head[ra_msg + ICMP6HDR_ra_flags] >> ICMP6_RA_PREF_SHIFT) & 3;
	if (pref === ICMPV6_ROUTER_PREF_INVALID || cnf.accept_ra_rtr_pref === 0)
		pref = ICMPV6_ROUTER_PREF_MEDIUM;

	st.rt = rt6_get_dflt_router(net, saddr, dev);
	if (st.rt !== null) {
		const nh = st.rt.fib6_nh;
		st.neigh = ip6_neigh_lookup(nh.fib_nh_gw6, nh.fib_nh_dev!, null, saddr);
		if (st.neigh === null) {
			fib6_info_release(st.rt);
			return false;
		}
	}
	if (st.rt !== null && lifetime === 0) {
		ip6_del_rt(net, st.rt, false);
		st.rt = null;
	}

	if (st.rt === null && lifetime !== 0) {
		const rt = rt6_add_dflt_router(net, saddr, dev, pref);
		if (rt === null) return false;
		st.rt = rt;

		st.neigh = ip6_neigh_lookup(
			rt.fib6_nh.fib_nh_gw6,
			rt.fib6_nh.fib_nh_dev!,
			null,
			saddr,
		);
		if (st.neigh === null) {
			fib6_info_release(rt);
			return false;
		}
		st.neigh.flags |= NTF_ROUTER;
	} else if (st.rt !== null) {
		st.rt.fib6_flags = (st.rt.fib6_flags & ~RTF_PREF_MASK) | RTF_PREF(pref);
	}

	if (st.rt !== null) fib6_set_expires(st.rt, net.machine.jiffies + HZ * lifetime);
	const hop_limit = head[ra_msg + ICMP6HDR_hop_limit];
	if (
		cnf.accept_ra_min_hop_limit < 256 &&
		hop_limit !== 0 &&
		cnf.accept_ra_min_hop_limit <= hop_limit
	) {
		cnf.hop_limit = hop_limit;
		fib6_metric_set(st.rt, RTAX_HOPLIMIT, hop_limit);
	}
	return true;
}

/**
 * Takes the times that an advertisement sets for a link.
 * @returns whether any changed
 * @kernel PORT: the part of ndisc_router_discovery() behind its label skip_defrtr
 */
function ndisc_ra_times(skb: sk_buff, in6_dev: inet6_dev): boolean {
	const m = skb.machine;
	const ra_msg = skb.transport_header;
	const parms = in6_dev.nd_parms;
	let changed = false;

	if (parms === null) return false;

	let rtime: number = get_unaligned_be32(skb.head, ra_msg + RA_MSG_retrans_timer);
	if (rtime !== 0) {
		rtime = Math.max(Math.floor((rtime * HZ) / 1000), HZ / 100);
		neigh_var_set(parms, NEIGH_VAR_RETRANS_TIME, rtime);
		in6_dev.tstamp = m.jiffies;
		changed = true;
	}

	rtime = get_unaligned_be32(skb.head, ra_msg + RA_MSG_reachable_time);
	if (rtime !== 0) {
		rtime = Math.max(Math.floor((rtime * HZ) / 1000), HZ / 10);

		if (rtime !== NEIGH_VAR(parms, NEIGH_VAR_BASE_REACHABLE_TIME)) {
			neigh_var_set(parms, NEIGH_VAR_BASE_REACHABLE_TIME, rtime);
			neigh_var_set(parms, NEIGH_VAR_GC_STALETIME, 3 * rtime);
			parms.reachable_time = neigh_rand_reach_time(m, rtime);
			in6_dev.tstamp = m.jiffies;
			changed = true;
		}
	}
	return changed;
}

/**
 * Takes a router advertisement.
 * @param skb data at the message
 * @kernel net/ipv6/ndisc.c:1170 (v5.10)
 */
function ndisc_router_discovery(skb: sk_buff): void {
	const { head } = skb;
	const stub = ipv6_stub.of(skb.machine);
	const ra_msg = skb.transport_header;
	const dev = skb.dev!;
	const net = dev.nd_net;
	const ndopts = new ndisc_options();
	const st: ra_state = { rt: null, neigh: null };

	const optlen = skb.tail - ra_msg - RA_MSG_LEN;
	const saddr = addr_at(skb, ipv6_hdr(skb) + IPV6HDR_saddr);
	if ((ipv6_addr_type(saddr) & IPV6_ADDR_LINKLOCAL) === 0) return;
	if (optlen < 0) return;

	const in6_dev = __in6_dev_get(dev);
	if (in6_dev === null) return;

	if (ndisc_parse_options(dev, skb, ra_msg + RA_MSG_LEN, optlen, ndopts) === null) return;

	if (ipv6_accept_ra(in6_dev)) {
		if ((in6_dev.if_flags & IF_RS_SENT) !== 0) in6_dev.if_flags |= IF_RA_RCVD;

		const old_if_flags = in6_dev.if_flags;
		const ra_flags = head[ra_msg + ICMP6HDR_ra_flags];
		in6_dev.if_flags =
			(in6_dev.if_flags & ~(IF_RA_MANAGED | IF_RA_OTHERCONF)) |
			((ra_flags & ICMP6_RA_MANAGED) !== 0 ? IF_RA_MANAGED : 0) |
			((ra_flags & ICMP6_RA_OTHER) !== 0 ? IF_RA_OTHERCONF : 0);

		let send_ifinfo_notify = old_if_flags !== in6_dev.if_flags;

		if (!ndisc_ra_defrtr(skb, in6_dev, saddr, st)) return;

		if (ndisc_ra_times(skb, in6_dev)) send_ifinfo_notify = true;

		if (send_ifinfo_notify) stub.inet6_ifinfo_notify(RTM_NEWLINK, in6_dev);
	}

	out: {
		if (st.neigh === null)
			st.neigh = __neigh_lookup(nd_tbl.of(skb.machine), saddr, dev, true);
		if (st.neigh !== null) {
			const lladdr = opt_lladdr(
				skb,
				ndopts.nd_opt_array[ND_OPT_SOURCE_LL_ADDR],
				dev,
			);
			if (typeof lladdr === 'number') break out;
			ndisc_update(
				dev,
				st.neigh,
				lladdr,
				NUD_STALE,
				NEIGH_UPDATE_F_WEAK_OVERRIDE |
					NEIGH_UPDATE_F_OVERRIDE |
					NEIGH_UPDATE_F_OVERRIDE_ISROUTER |
					NEIGH_UPDATE_F_ISROUTER,
				NDISC_ROUTER_ADVERTISEMENT,
			);
		}

		if (!ipv6_accept_ra(in6_dev)) break out;
		const { cnf } = in6_dev;

		if (
			cnf.accept_ra_from_local !== 0 ||
			!stub.ipv6_chk_addr(net, saddr, in6_dev.dev, 0)
		) {
			if (cnf.accept_ra_rtr_pref !== 0) {
				for (
					let p = ndopts.nd_opts_ri;
					p !== 0;
					p = ndisc_next_option(head, p, ndopts.nd_opts_ri_end)
				) {
					const prefix_len = head[p + ROUTE_INFO_prefix_len];
					if (prefix_len === 0 && cnf.accept_ra_defrtr === 0)
						continue;
					if (prefix_len < cnf.accept_ra_rt_info_min_plen) continue;
					if (prefix_len > cnf.accept_ra_rt_info_max_plen) continue;
					rt6_route_rcv(
						dev,
						head,
						p,
						head[p + ND_OPT_HDR_len] << 3,
						saddr,
					);
				}
			}
		}

		if (cnf.accept_ra_pinfo !== 0) {
			for (
				let p = ndopts.nd_opt_array[ND_OPT_PREFIX_INFO];
				p !== 0;
				p = ndisc_next_option(
					head,
					p,
					ndopts.nd_opt_array[__ND_OPT_PREFIX_INFO_END],
				)
			)
				stub.addrconf_prefix_rcv(
					dev,
					skb,
					p,
					head[p + ND_OPT_HDR_len] << 3,
					ndopts.nd_opt_array[ND_OPT_SOURCE_LL_ADDR] !== 0,
				);
		}

		const mtu_opt = ndopts.nd_opt_array[ND_OPT_MTU];
		if (mtu_opt !== 0 && cnf.accept_ra_mtu !== 0) {
			const mtu: number = get_unaligned_be32(head, mtu_opt + 4);

			if (mtu >= IPV6_MIN_MTU && mtu <= dev.mtu && cnf.mtu6 !== mtu) {
				cnf.mtu6 = mtu;
				fib6_metric_set(st.rt, RTAX_MTU, mtu);
				rt6_mtu_change(dev, mtu);
			}
		}
	}
	fib6_info_release(st.rt);
	if (st.neigh !== null) neigh_release(st.neigh);
}

/**
 * Takes a redirect.
 * @param skb data at the message
 * @kernel net/ipv6/ndisc.c:1523 (v5.10)
 */
function ndisc_redirect_rcv(skb: sk_buff): void {
	const msg = skb.transport_header;
	const dev = skb.dev!;
	const ndopts = new ndisc_options();

	if ((ipv6_addr_type(skb.head, ipv6_hdr(skb) + IPV6HDR_saddr) & IPV6_ADDR_LINKLOCAL) === 0)
		return;

	if (
		ndisc_parse_options(
			dev,
			skb,
			msg + RD_MSG_opt,
			skb.tail - (msg + RD_MSG_opt),
			ndopts,
		) === null
	)
		return;

	const rh = ndopts.nd_opt_array[ND_OPT_REDIRECT_HDR];
	if (rh === 0) {
		ip6_redirect_no_header(skb, dev.nd_net, dev.ifindex);
		return;
	}

	/* on to the quoted packet */
	if (!pskb_pull(skb, rh + 8 - msg)) return;

	ipv6_stub.of(skb.machine).icmpv6_notify(skb, NDISC_REDIRECT, 0, 0);
}

/**
 * Appends the beginning of the packet that a redirect is about.
 * @param rd_len bytes of the option
 * @kernel net/ipv6/ndisc.c:1564 (v5.10)
 */
function ndisc_fill_redirect_hdr_option(skb: sk_buff, orig_skb: sk_buff, rd_len: number): void {
	const opt = skb_put(skb, rd_len);

	skb.head.fill(0, opt, opt + rd_len);
	skb.head[opt] = ND_OPT_REDIRECT_HDR;
	skb.head[opt + 1] = rd_len >> 3;

	skb_copy_bits(orig_skb, skb_network_offset(orig_skb), skb.head, opt + 8, rd_len - 8);
}

/**
 * Tells the sender of a packet that a better next hop is on its own link.
 * @param skb the packet, with its destination; stays the caller's
 * @param target the better next hop
 * @kernel net/ipv6/ndisc.c:1579 (v5.10)
 */
export function ndisc_send_redirect(skb: sk_buff, target: in6_addr): void {
	let dev = skb.dev!;
	const net = dev.nd_net;
	const m = net.machine;
	const stub = ipv6_stub.of(m);
	const sk = net.ipv6.ndisc_sk!;
	const saddr = addr_at(skb, ipv6_hdr(skb) + IPV6HDR_saddr);
	const daddr = addr_at(skb, ipv6_hdr(skb) + IPV6HDR_daddr);
	let ha: Uint8Array | null = null;
	let optlen = 0;

	if (netif_is_l3_master(dev)) {
		const d = __dev_get_by_index(net, IP6CB(skb).iif);
		if (d === null) return;
		dev = d;
	}

	const saddr_buf = new Uint8Array(16);
	if (stub.ipv6_get_lladdr(dev, saddr_buf, IFA_F_TENTATIVE) !== 0) return;

	if (
		!ipv6_addr_equal(daddr, target) &&
		ipv6_addr_type(target) !== (IPV6_ADDR_UNICAST | IPV6_ADDR_LINKLOCAL)
	)
		return;

	const fl6 = new flowi6();
	stub.icmpv6_flow_init(sk, fl6, NDISC_REDIRECT, saddr_buf, saddr, dev.ifindex);

	const dst0 = ip6_route_output(net, null, fl6);
	if (dst0.error !== 0) {
		dst_release(dst0);
		return;
	}
	const { fn } = xfrm_lookup_ops.of(m);
	const dst = fn === null ? dst0 : fn.xfrm_lookup(net, dst0, fl6, null, 0);
	if (IS_ERR(dst)) return;

	release: {
		const rt = dst as rt6_info;

		/* only to a neighbour */
		if ((rt.rt6i_flags & RTF_GATEWAY) !== 0) break release;
		const peer = inet_getpeer_v6(m, net.ipv6.peers!, saddr, true);
		const ret = inet_peer_xrlim_allow(m, peer, HZ);
		if (peer !== null) inet_putpeer(m, peer);
		if (!ret) break release;

		if (dev.addr_len !== 0) {
			const neigh = dst_neigh_lookup(skb._dst!, target);
			if (neigh === null) break release;

			if ((neigh.nud_state & NUD_VALID) !== 0) {
				ha = neigh.ha.slice(0, dev.addr_len);
				optlen += ndisc_opt_addr_space(dev);
			}
			neigh_release(neigh);
		}

		let rd_len = Math.min(
			IPV6_MIN_MTU - IPV6HDR_LEN - RD_MSG_LEN - optlen,
			skb.len + 8,
		);
		rd_len &= ~0x7;
		optlen += rd_len;

		const buff = ndisc_alloc_skb(dev, RD_MSG_LEN + optlen);
		const msg = ndisc_put_msg(buff, RD_MSG_LEN, NDISC_REDIRECT);
		ipv6_addr_copy(buff.head, target, msg + RD_MSG_target);
		ipv6_addr_copy(buff.head, daddr, msg + RD_MSG_dest);

		if (ha !== null) ndisc_fill_addr_option(buff, ND_OPT_TARGET_LL_ADDR, ha);

		if (rd_len !== 0) ndisc_fill_redirect_hdr_option(buff, skb, rd_len);

		skb_dst_set(buff, dst);
		ndisc_send_skb(buff, saddr, saddr_buf);
		return;
	}
	dst_release(dst);
}

/**
 * Takes a solicitation again whose answer was delayed.
 * @kernel net/ipv6/ndisc.c:1705 (v5.10)
 */
function pndisc_redo(skb: sk_buff): void {
	ndisc_recv_ns(skb);
	kfree_skb(skb);
}

/**
 * Tells whether a key is a group's.
 * @kernel net/ipv6/ndisc.c:1711 (v5.10)
 */
function ndisc_is_multicast(pkey: neigh_key): boolean {
	return typeof pkey !== 'number' && ipv6_addr_is_multicast(pkey);
}

/**
 * Tells whether a message that came in fragments is to be dropped.
 * @kernel net/ipv6/ndisc.c:1716 (v5.10)
 */
function ndisc_suppress_frag_ndisc(skb: sk_buff): boolean {
	const idev = __in6_dev_get(skb.dev!);

	if (idev === null) return true;
	if ((IP6CB(skb).flags & IP6SKB_FRAGMENTED) !== 0 && idev.cnf.suppress_frag_ndisc !== 0) {
		skb.machine.printk(
			'Received fragmented ndisc packet. Carefully consider disabling suppress_frag_ndisc.',
		);
		return true;
	}
	return false;
}

/**
 * Takes a message of neighbour discovery.
 * @param skb data behind the ICMPv6 header; stays the caller's
 * @returns 0
 * @kernel net/ipv6/ndisc.c:1730 (v5.10)
 */
export function ndisc_rcv(skb: sk_buff): number {
	if (ndisc_suppress_frag_ndisc(skb)) return 0;

	if (skb_linearize(skb) !== 0) return 0;

	__skb_push(skb, skb.data - skb.transport_header);

	/* from this link only */
	if (skb.head[ipv6_hdr(skb) + IPV6HDR_hop_limit] !== 255) return 0;

	if (skb.head[skb.transport_header + ICMP6HDR_code] !== 0) return 0;

	switch (skb.head[skb.transport_header + ICMP6HDR_type]) {
		case NDISC_NEIGHBOUR_SOLICITATION:
			skb.cb0 = 0;
			ndisc_recv_ns(skb);
			break;

		case NDISC_NEIGHBOUR_ADVERTISEMENT:
			ndisc_recv_na(skb);
			break;

		case NDISC_ROUTER_SOLICITATION:
			ndisc_recv_rs(skb);
			break;

		case NDISC_ROUTER_ADVERTISEMENT:
			ndisc_router_discovery(skb);
			break;

		case NDISC_REDIRECT:
			ndisc_redirect_rcv(skb);
			break;
	}
	return 0;
}

/**
 * Lets neighbours follow what happens to devices.
 * @returns NOTIFY_DONE
 * @kernel net/ipv6/ndisc.c:1782 (v5.10)
 */
function ndisc_netdev_event(event: number, ptr: netdev_notifier_info): number {
	const dev = netdev_notifier_info_to_dev(ptr);
	const net = dev.nd_net;
	const tbl = nd_tbl.of(net.machine);

	switch (event) {
		case NETDEV_CHANGEADDR:
		case NETDEV_UP: {
			if (event === NETDEV_CHANGEADDR) {
				neigh_changeaddr(tbl, dev);
				fib6_run_gc(0, net, false);
			}
			const idev = __in6_dev_get(dev);
			if (idev === null) break;
			if (idev.cnf.ndisc_notify !== 0 || net.ipv6.devconf_all!.ndisc_notify !== 0)
				ndisc_send_unsol_na(dev);
			break;
		}
		case NETDEV_CHANGE:
			if (
				ptr instanceof netdev_notifier_change_info &&
				(ptr.flags_changed & IFF_NOARP) !== 0
			)
				neigh_changeaddr(tbl, dev);
			if (!netif_carrier_ok(dev)) neigh_carrier_down(tbl, dev);
			break;
		case NETDEV_DOWN:
			neigh_ifdown(tbl, dev);
			pneigh_queue_purge(dev);
			fib6_run_gc(0, net, false);
			break;
		case NETDEV_NOTIFY_PEERS:
			ndisc_send_unsol_na(dev);
			break;
	}
	return NOTIFY_DONE;
}

const ndisc_netdev_notifier = {
	notifier_call: ndisc_netdev_event,
	priority: ADDRCONF_NOTIFY_PRIORITY - 5,
};

/**
 * Tells of a change of a device's times, and draws a new reachable time.
 * @param dev null for the defaults
 * @returns the entry to use
 * @kernel net/ipv6/ndisc.c:1845 (v5.10)
 */
export function ndisc_ifinfo_sysctl_change(
	dev: net_device | null,
	p: neigh_parms,
	entry: ctl_table,
): ctl_table {
	return {
		...entry,
		store: (text) => {
			const ret = entry.store(text);
			const idev = dev !== null ? __in6_dev_get(dev) : null;
			if (ret === 0 && idev !== null) {
				if (entry.procname.startsWith('base_reachable_time'))
					p.reachable_time = neigh_rand_reach_time(
						p.tbl.machine,
						NEIGH_VAR(p, NEIGH_VAR_BASE_REACHABLE_TIME),
					);
				idev.tstamp = p.tbl.machine.jiffies;
				ipv6_stub.of(p.tbl.machine).inet6_ifinfo_notify(RTM_NEWLINK, idev);
			}
			return ret;
		},
	};
}

/**
 * Begins a namespace: its control socket.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/ndisc.c:1884 (v5.10)
 */
function ndisc_net_init(net: net): number {
	const sk = inet_ctl_sock_create(PF_INET6, SOCK_RAW, IPPROTO_ICMPV6, net);
	if (IS_ERR(sk)) {
		net.machine.printk(
			`ICMPv6: NDISC: Failed to initialize the control socket (err ${sk})`,
		);
		return sk;
	}

	net.ipv6.ndisc_sk = sk;

	const np = inet6_sk(sk)!;
	np.hop_limit = 255;
	np.mc_loop = 0;
	return 0;
}

/**
 * Ends a namespace: its control socket.
 * @kernel net/ipv6/ndisc.c:1909 (v5.10)
 */
function ndisc_net_exit(net: net): void {
	inet_ctl_sock_destroy(net.ipv6.ndisc_sk);
	net.ipv6.ndisc_sk = null;
}

const ndisc_net_ops: pernet_operations = {
	init: ndisc_net_init,
	exit: ndisc_net_exit,
};

/**
 * Starts neighbour discovery on a machine.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/ndisc.c:1919 (v5.10)
 */
export function ndisc_init(m: Machine): number {
	const stub = ipv6_stub.of(m);
	const tbl = nd_tbl.of(m);
	stub.nd_tbl = tbl;
	stub.ndisc_send_na = ndisc_send_na;
	stub.ndisc_send_ns = ndisc_send_ns;
	stub.ndisc_parse_options = ndisc_parse_options;
	stub.ndisc_update = ndisc_update;

	const err = register_pernet_subsys(m, ndisc_net_ops);
	if (err !== 0) return err;

	neigh_table_init(NEIGH_ND_TABLE, tbl);

	return neigh_sysctl_register(null, tbl.parms, ndisc_ifinfo_sysctl_change);
}

/**
 * Lets neighbours follow devices; after the addresses do.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/ndisc.c:1947 (v5.10)
 */
export function ndisc_late_init(m: Machine): number {
	return register_netdevice_notifier(m, ndisc_netdev_notifier);
}
