// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/route.c, base v5.10: finding, making and forgetting routes; path MTUs and redirects; default
 * routers; requests about routes.
 *
 * PORT: one processor, so one cached route a next hop. Lookups of the packet path work on objects that the
 * machine keeps. Routes whose device goes away move to the loopback device and discard. The fields that a
 * flow dissector would give are read by rt6_flow_dissect(). A dump gives all messages at once.
 * Not ported: next hop objects, light-weight tunnels, subtrees keyed by source, fib notifiers, ioctl and
 * /proc/net/ipv6_route (no tool of this tree reads it), multicast routing, BPF.
 */
import {
	get_unaligned_be16,
	get_unaligned_be32,
	htons,
} from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { inet6_sk, IP6CB, ipv6_hdr } from '../../include/linux/ipv6.ts';
import { icmp6_hdr, icmpv6_is_err } from '../../include/linux/icmpv6.ts';
import { in6addr_any } from '../../include/linux/in6.ts';
import { jhash, jhash_3words } from '../../include/linux/jhash.ts';
import {
	HZ,
	jiffies_to_msecs,
	machine_var,
	msecs_to_jiffies,
	prandom_u32,
	type Machine,
} from '../../include/linux/machine.ts';
import {
	dev_hold,
	dev_put,
	NETDEV_CHANGE,
	NETDEV_DOWN,
	NETDEV_REGISTER,
	NETDEV_UNREGISTER,
	NETREG_UNREGISTERED,
	netdev_notifier_info_to_dev,
	netif_carrier_ok,
	netif_is_l3_master,
	netif_is_l3_slave,
	type net_device,
	type netdev_notifier_info,
} from '../../include/linux/netdevice.ts';
import { NOTIFY_OK } from '../../include/linux/notifier.ts';
import { skb_transport_offset, type sk_buff } from '../../include/linux/skbuff.ts';
import { AF_INET6, PF_INET6 } from '../../include/linux/socket.ts';
import {
	proc_dointvec,
	proc_dointvec_jiffies,
	proc_get_long,
	type ctl_table,
} from '../../include/linux/sysctl.ts';
import type { __be16, in6_addr } from '../../include/linux/types.ts';
import { schedule_work, work_struct } from '../../include/linux/workqueue.ts';
import {
	__in6_dev_get,
	addrconf_addr_solict_mult,
	addrconf_finite_timeout,
	ADDRCONF_NOTIFY_PRIORITY,
	addrconf_timeout_fixup,
	in6_dev_get,
	ip6_ignore_linkdown,
	__in6_dev_get_safely,
} from '../../include/net/addrconf.ts';
import {
	dst_confirm_neigh,
	type dst_entry,
	dst_hold,
	dst_metric_raw,
	dst_mtu,
	DST_NOCOUNT,
	DST_NOPOLICY,
	DST_OBSOLETE_DEAD,
	DST_OBSOLETE_FORCE_CHK,
	type dst_ops,
	dst_release,
	dst_release_immediate,
	dst_set_expires,
	RTAX_HOPLIMIT,
	RTAX_MAX,
	RTAX_MTU,
	skb_dst_set_noref,
} from '../../include/net/dst.ts';
import { FLOWI_FLAG_KNOWN_NH, FLOWI_FLAG_SKIP_NH_OIF, flowi6 } from '../../include/net/flow.ts';
import type { inet6_dev, inet6_ifaddr } from '../../include/net/if_inet6.ts';
import { inet_peer_base } from '../../include/net/inetpeer.ts';
import {
	FIB6_EXCEPTION_BUCKET_SIZE,
	fib6_check_expired,
	fib6_clean_expires,
	fib6_config,
	fib6_get_cookie_safe,
	fib6_info_hold_safe,
	fib6_info_nh_dev,
	FIB6_MAX_DEPTH,
	fib6_metric_locked,
	fib6_result,
	fib6_set_expires,
	IP6_RT_PRIO_USER,
	IPV6_DECODE_PREF,
	IPV6_EXTRACT_PREF,
	nl_info6,
	RT6_TABLE_DFLT,
	rt6_exception,
	rt6_exception_bucket,
	rt6_get_cookie,
	rt6_info,
	RT6_TABLE_HAS_DFLT_ROUTER,
	RT6_TABLE_INFO,
	RT6_TABLE_LOCAL,
	RT6_TABLE_UNSPEC,
	RTF_ADDRCONF,
	RTF_ANYCAST,
	RTF_CACHE,
	RTF_DEFAULT,
	RTF_DYNAMIC,
	RTF_EXPIRES,
	RTF_GATEWAY,
	RTF_LOCAL,
	RTF_MODIFIED,
	RTF_NONEXTHOP,
	RTF_PCPU,
	RTF_PREF,
	RTF_PREF_MASK,
	RTF_PREFIX_RT,
	RTF_REJECT,
	RTF_ROUTEINFO,
	RTF_UP,
	RTN_RTINFO,
	RTN_TL_ROOT,
	type fib6_gc_args,
	type fib6_info,
	type fib6_nh,
	type fib6_node,
	type fib6_table,
	ip6_dst_idev,
} from '../../include/net/ip6_fib.ts';
import {
	IP6_MAX_MTU,
	RT6_LOOKUP_F_DST_NOREF,
	RT6_LOOKUP_F_HAS_SADDR,
	RT6_LOOKUP_F_IFACE,
	RT6_LOOKUP_F_IGNORE_LINKSTATE,
	RT6_LOOKUP_F_REACHABLE,
	rt6_duplicate_nexthop,
	rt6_need_strict,
	rt6_nexthop,
	rt6_qualify_for_ecmp,
	rt6_srcprefs2flags,
	ROUTE_INFO_flags,
	ROUTE_INFO_LEN,
	ROUTE_INFO_length,
	ROUTE_INFO_lifetime,
	ROUTE_INFO_prefix,
	ROUTE_INFO_prefix_len,
	type rt6_rtnl_dump_arg,
} from '../../include/net/ip6_route.ts';
import {
	exthdr_pos,
	flowi6_get_flowlabel,
	ip6_flowinfo,
	ip6_flowlabel,
	ip6_make_flowinfo,
	ip6_multipath_hash_policy,
	IP6_REPLY_MARK,
	ipv6_addr_any,
	ipv6_addr_cmp,
	ipv6_addr_copy,
	ipv6_addr_equal,
	ipv6_addr_is_multicast,
	IPV6_ADDR_LINKLOCAL,
	IPV6_ADDR_LOOPBACK,
	IPV6_ADDR_MAPPED,
	IPV6_ADDR_MULTICAST,
	ipv6_addr_prefix,
	ipv6_addr_type,
	IPV6_ADDR_UNICAST,
	ipv6_addr_v4mapped,
	IPV6_MAXPLEN,
	IPV6_ADDR_ANY,
} from '../../include/net/ipv6.ts';
import { ipv6_stub } from '../../include/net/ipv6_stubs.ts';
import {
	l3mdev_fib_table,
	l3mdev_fib_table_rcu,
	l3mdev_master_dev_rcu,
	l3mdev_master_ifindex,
} from '../../include/net/l3mdev.ts';
import {
	__ipv6_confirm_neigh,
	__ipv6_neigh_lookup,
	__ipv6_neigh_lookup_noref,
	ND_OPT_TARGET_LL_ADDR,
	ndisc_opt_addr_data,
	ndisc_options,
	NDISC_REDIRECT,
	RD_MSG_dest,
	RD_MSG_LEN,
	RD_MSG_opt,
	RD_MSG_target,
} from '../../include/net/ndisc.ts';
import {
	NEIGH_UPDATE_F_ISROUTER,
	NEIGH_UPDATE_F_OVERRIDE,
	NEIGH_UPDATE_F_OVERRIDE_ISROUTER,
	NEIGH_UPDATE_F_WEAK_OVERRIDE,
	NUD_VALID,
	type neighbour,
} from '../../include/net/neighbour.ts';
import {
	LOOPBACK_IFINDEX,
	type net,
	type pernet_operations,
} from '../../include/net/net_namespace.ts';
import { NETEVENT_REDIRECT } from '../../include/net/netevent.ts';
import {
	nla_data,
	nla_get_u16,
	nla_get_u32,
	nla_get_u8,
	nla_list_start,
	nla_nested_list,
	nla_parse_nested,
	nla_put,
	nla_put_u32,
	nla_put_u8,
	NL_SET_ERR_MSG,
	NLM_F_APPEND,
	NLM_F_CREATE,
	NLM_F_DUMP_FILTERED,
	NLM_F_EXCL,
	NLM_F_MULTI,
	NLM_F_REPLACE,
	type netlink_ext_ack,
	type nlattrs,
	type nlmsg,
} from '../../include/net/netlink.ts';
import type { ip6_dst_ops } from '../../include/net/netns/ipv6.ts';
import { IP6_INC_STATS } from '../../include/net/snmp.ts';
import { sock_owned_by_user, type sock } from '../../include/net/sock.ts';
import { xfrm_lookup_ops } from '../../include/net/xfrm.ts';
import {
	EACCES,
	EAGAIN,
	EEXIST,
	EHOSTUNREACH,
	EINVAL,
	ENETDOWN,
	ENETUNREACH,
	ENODEV,
	ENOENT,
	ENOMEM,
	EOPNOTSUPP,
	ESRCH,
} from '../../include/uapi/linux/errno.ts';
import {
	ICMP6HDR_LEN,
	ICMP6HDR_type,
	ICMPV6_ADDR_UNREACH,
	ICMPV6_ADM_PROHIBITED,
	ICMPV6_DEST_UNREACH,
	ICMPV6_NOROUTE,
	ICMPV6_ROUTER_PREF_HIGH,
	ICMPV6_ROUTER_PREF_INVALID,
	ICMPV6_ROUTER_PREF_LOW,
	ICMPV6_ROUTER_PREF_MEDIUM,
} from '../../include/uapi/linux/icmpv6.ts';
import { IFF_LOOPBACK, IFF_NOARP, IFF_UP } from '../../include/uapi/linux/if.ts';
import { IPPROTO_ICMPV6 } from '../../include/uapi/linux/in.ts';
import {
	IPV6_MIN_MTU,
	IPV6HDR_daddr,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_saddr,
} from '../../include/uapi/linux/ipv6.ts';
import { NTF_ROUTER, NUD_FAILED, NUD_STALE } from '../../include/uapi/linux/neighbour.ts';
import {
	RT_SCOPE_UNIVERSE,
	RT_TABLE_COMPAT,
	RT_TABLE_MAIN,
	RTA_DPORT,
	RTA_DST,
	RTA_EXPIRES,
	RTA_GATEWAY,
	RTA_IIF,
	RTA_IP_PROTO,
	RTA_MARK,
	RTA_METRICS,
	RTA_MULTIPATH,
	RTA_OIF,
	RTA_PREF,
	RTA_PREFSRC,
	RTA_PRIORITY,
	RTA_SPORT,
	RTA_SRC,
	RTA_TABLE,
	RTA_VIA,
	RTM_DELROUTE,
	RTM_F_CLONED,
	RTM_F_FIB_MATCH,
	RTM_F_PREFIX,
	RTM_GETROUTE,
	RTM_NEWROUTE,
	rtmsg_msg,
	RTN_ANYCAST,
	RTN_BLACKHOLE,
	RTN_LOCAL,
	RTN_MAX,
	RTN_PROHIBIT,
	RTN_THROW,
	RTN_UNICAST,
	RTN_UNREACHABLE,
	RTNH_F_DEAD,
	RTNH_F_LINKDOWN,
	RTNH_F_ONLINK,
	RTNH_FLAGS,
	RTNH_HOPS,
	RTNH_IFINDEX,
	RTNLGRP_IPV6_ROUTE,
	RTPROT_BOOT,
	RTPROT_KERNEL,
	RTPROT_RA,
	RTPROT_UNSPEC,
} from '../../include/uapi/linux/rtnetlink.ts';
import {
	IPSTATS_MIB_INADDRERRORS,
	IPSTATS_MIB_INNOROUTES,
	IPSTATS_MIB_OUTNOROUTES,
} from '../../include/uapi/linux/snmp.ts';
import {
	dev_get_by_index,
	dev_get_by_index_rcu,
	register_netdevice_notifier,
} from '../core/dev.ts';
import {
	blackhole_netdev,
	dst_default_metrics,
	dst_dev_put,
	dst_discard,
	dst_discard_out,
	dst_hold_safe,
	dst_init,
	dst_init_metrics,
	dst_metric_set,
	dst_metrics_write_ptr,
} from '../core/dst.ts';
import {
	__neigh_lookup,
	__neigh_set_probe_once,
	neigh_create,
	neigh_ifdown,
	neigh_release,
} from '../core/neighbour.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import { call_netevent_notifiers } from '../core/netevent.ts';
import {
	rtnetlink_put_metrics,
	rtnl_has_listeners,
	rtnl_notify,
	rtnl_put_cacheinfo,
	rtnl_register,
} from '../core/rtnetlink.ts';
import { kfree_skb, skb_dst_drop, skb_header_pointer_off } from '../core/skbuff.ts';
import { sk_setup_caps } from '../core/sock.ts';
import { inet_peer_base_init, inetpeer_invalidate_tree } from '../ipv4/inetpeer.ts';
import { ip_fib_metrics_init } from '../ipv4/metrics.ts';
import { in6_dev_put } from './addrconf_core.ts';
import { ipv6_skip_exthdr } from './exthdrs_core.ts';
import { fib6_lookup, fib6_rule_lookup, fib6_rules_init } from './fib6_rules.ts';
import {
	fib6_add,
	fib6_clean_all,
	fib6_clean_all_skip_notify,
	fib6_del,
	fib6_force_start_gc,
	fib6_get_table,
	fib6_info_alloc,
	fib6_info_release,
	fib6_init,
	fib6_locate,
	fib6_metric_set,
	fib6_new_table,
	fib6_node_lookup,
	fib6_run_gc,
	fib6_update_sernum,
	fib6_update_sernum_upto_root,
	ip6_rt_put,
} from './ip6_fib.ts';
import { icmpv6_send } from './ip6_icmp.ts';
import { __ip6_local_out } from './output_core.ts';

/* enum rt6_nud_state */
const RT6_NUD_FAIL_HARD = -3;
const RT6_NUD_FAIL_PROBE = -2;
const RT6_NUD_FAIL_DO_RR = -1;
const RT6_NUD_SUCCEED = 1;

/** Ports and protocol of a packet, where a rule or the choice among next hops asks for them. */
class rt6_flow_keys {
	ip_proto = 0;
	/** Network order. */
	sport: __be16 = htons(0);
	dport: __be16 = htons(0);
}

/** What lookups of the packet path work on; none of them starts another before it is over. */
class rt6_lookup_state {
	/** Of ip6_pol_route(). */
	readonly res = new fib6_result();
	/** Of ip6_pol_route_lookup(). */
	readonly res_lookup = new fib6_result();
	/** Of ip6_route_input(). */
	readonly fl6 = new flowi6();
	readonly flkeys = new rt6_flow_keys();
	readonly pos = new exthdr_pos();
	/** Best score and whether it asks for a round robin, see find_match(). */
	mpri = -1;
	do_rr = false;
}

const lookup_state = machine_var(() => new rt6_lookup_state());
const rt6_hash_seed = machine_var((m) => ({
	exception: prandom_u32(m),
	multipath: prandom_u32(m),
}));
const rt6_uncached_list = machine_var(() => new Set<rt6_info>());

/** Ticks a second of times in requests. */
const USER_HZ = 100;

/**
 * Ticks of user land in jiffies.
 * @kernel PORT: kernel/time/time.c clock_t_to_jiffies
 */
function clock_t_to_jiffies(x: number): number {
	return x * (HZ / USER_HZ);
}

/**
 * Jiffies in ticks of user land.
 * @kernel PORT: kernel/time/time.c jiffies_to_clock_t
 */
export function jiffies_to_clock_t(x: number): number {
	return Math.trunc(x / (HZ / USER_HZ));
}

/**
 * Finds the route of a packet that this host sends.
 * @returns referenced, never null; its error says when there is none
 * @kernel PORT: inline of include/net/ip6_route.h:94, include/ does not import net/
 */
export function ip6_route_output(net: net, sk: sock | null, fl6: flowi6): dst_entry {
	return ip6_route_output_flags(net, sk, fl6, 0);
}

/**
 * Chooses the source address for a destination: what the entry prefers, or by the rules of selection.
 * @param f6i may be null
 * @param prefs IPV6_PREFER_SRC_*
 * @param saddr takes the address
 * @returns 0 or -EADDRNOTAVAIL
 * @kernel PORT: inline of include/net/ip6_route.h:133, include/ does not import net/
 */
export function ip6_route_get_saddr(
	net: net,
	f6i: fib6_info | null,
	daddr: in6_addr,
	prefs: number,
	saddr: in6_addr,
): number {
	if (f6i !== null && f6i.fib6_prefsrc.plen !== 0) {
		ipv6_addr_copy(saddr, f6i.fib6_prefsrc.addr);
		return 0;
	}
	const dev = f6i !== null ? fib6_info_nh_dev(f6i) : null;
	return ipv6_stub.of(net.machine).ipv6_dev_get_saddr(net, dev, daddr, prefs, saddr);
}

/**
 * Gives a socket its route, which takes over the caller's reference.
 * @param daddr the address the route was made for, when it is the socket's own array, else null
 * @kernel PORT: inline of include/net/ip6_route.h:227, include/ does not import net/
 */
export function ip6_dst_store(
	sk: sock,
	dst: dst_entry,
	daddr: in6_addr | null,
	_saddr: in6_addr | null,
): void {
	const np = inet6_sk(sk)!;
	np.dst_cookie = rt6_get_cookie(dst as rt6_info);
	sk_setup_caps(sk, dst);
	np.daddr_cache = daddr;
}

/**
 * Asks IPsec for the bundle of a route.
 * @returns the route itself when no policy applies, or a negative errno
 * @kernel PORT: net/xfrm/xfrm_policy.c, through the hook of include/net/xfrm.ts
 */
function xfrm_lookup(
	net: net,
	dst_orig: dst_entry,
	fl6: flowi6,
	sk: sock | null,
	flags: number,
): dst_entry | number {
	const { fn } = xfrm_lookup_ops.of(net.machine);
	return fn === null ? dst_orig : fn.xfrm_lookup(net, dst_orig, fl6, sk, flags);
}

/**
 * Asks a VRF for the destination of a link-local or multicast flow.
 * @returns not referenced, null when the flow's device is in no VRF
 * @kernel PORT: net/l3mdev/l3mdev.c, l3mdev_link_scope_lookup
 */
function l3mdev_link_scope_lookup(net: net, fl6: flowi6): dst_entry | null {
	if (fl6.flowi6_oif === 0) return null;
	const dev = l3mdev_master_dev_rcu(dev_get_by_index_rcu(net, fl6.flowi6_oif));
	return dev?.l3mdev_ops?.l3mdev_link_scope_lookup?.(dev, fl6) ?? null;
}

/**
 * Puts a route on the list of those that no table holds.
 * @kernel net/ipv6/route.c:134 (v5.10)
 */
export function rt6_uncached_list_add(rt: rt6_info): void {
	rt.rt6i_uncached = true;
	rt6_uncached_list.of(rt.dev!.machine).add(rt);
}

/**
 * Takes a route off that list.
 * @kernel net/ipv6/route.c:145 (v5.10)
 */
export function rt6_uncached_list_del(rt: rt6_info): void {
	if (!rt.rt6i_uncached) return;
	const dev = rt.dev!;
	rt6_uncached_list.of(dev.machine).delete(rt);
	dev.nd_net.ipv6.rt6_stats!.fib_rt_uncache--;
}

/**
 * Moves the routes that no table holds away from a device that goes down.
 * @kernel net/ipv6/route.c:158 (v5.10)
 */
function rt6_uncached_list_flush_dev(net: net, dev: net_device): void {
	const loopback_dev = net.loopback_dev;
	if (loopback_dev === null || dev === loopback_dev) return;
	const blackhole = blackhole_netdev.of(dev.machine).dev!;

	for (const rt of rt6_uncached_list.of(dev.machine)) {
		const rt_idev = rt.rt6i_idev;
		if (rt_idev !== null && rt_idev.dev === dev) {
			rt.rt6i_idev = in6_dev_get(loopback_dev);
			in6_dev_put(rt_idev);
		}
		if (rt.dev === dev) {
			rt.dev = blackhole;
			dev_hold(blackhole);
			dev_put(dev);
		}
	}
}

/**
 * Address to ask the neighbour table for.
 * @param p gateway, :: for none
 * @param skb packet whose destination counts then, or null
 * @param daddr what counts when there is no packet either
 * @kernel net/ipv6/route.c:190 (v5.10)
 */
function choose_neigh_daddr(
	p: in6_addr,
	skb: sk_buff | null,
	daddr: in6_addr | null,
): in6_addr | null {
	if (!ipv6_addr_any(p)) return p;
	if (skb !== null) {
		const at = ipv6_hdr(skb) + IPV6HDR_daddr;
		return skb.head.slice(at, at + 16);
	}
	return daddr;
}

/**
 * Finds or makes the neighbour of a next hop.
 * @returns referenced, or null
 * @kernel net/ipv6/route.c:201 (v5.10)
 */
export function ip6_neigh_lookup(
	gw: in6_addr,
	dev: net_device,
	skb: sk_buff | null,
	daddr: in6_addr | null,
): neighbour | null {
	const key = choose_neigh_daddr(gw, skb, daddr);
	const tbl = ipv6_stub.of(dev.machine).nd_tbl;
	if (key === null || tbl === null) return null;

	const n = __ipv6_neigh_lookup(dev, key);
	if (n !== null) return n;

	const made = neigh_create(tbl, key, dev);
	return IS_ERR(made) ? null : made;
}

/**
 * Finds or makes the neighbour of a destination's next hop.
 * @returns referenced, or null
 * @kernel net/ipv6/route.c:217 (v5.10)
 */
function ip6_dst_neigh_lookup(
	dst: dst_entry,
	skb: sk_buff | null,
	daddr: number | Uint8Array | null,
): neighbour | null {
	if (typeof daddr === 'number') return null;
	return ip6_neigh_lookup(rt6_nexthop(dst as rt6_info, in6addr_any), dst.dev!, skb, daddr);
}

/**
 * Notes that a destination's next hop was heard of.
 * @kernel net/ipv6/route.c:227 (v5.10)
 */
function ip6_confirm_neigh(dst: dst_entry, daddr: number | Uint8Array | null): void {
	if (typeof daddr === 'number') return;
	const dev = dst.dev!;
	const key = choose_neigh_daddr(rt6_nexthop(dst as rt6_info, in6addr_any), null, daddr);
	if (key === null) return;
	if ((dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) return;
	if (ipv6_addr_is_multicast(key)) return;
	__ipv6_confirm_neigh(dev, key);
}

/**
 * Operations of a namespace's destinations.
 * @kernel net/ipv6/route.c:242 (v5.10)
 */
function ip6_dst_ops_template(): ip6_dst_ops {
	return {
		family: AF_INET6,
		gc_thresh: 1024,
		entries: 0,
		check: ip6_dst_check,
		default_advmss: ip6_default_advmss,
		mtu: ip6_mtu,
		destroy: ip6_dst_destroy,
		ifdown: ip6_dst_ifdown,
		negative_advice: ip6_negative_advice,
		link_failure: ip6_link_failure,
		update_pmtu: ip6_rt_update_pmtu,
		redirect: rt6_do_redirect,
		local_out: __ip6_local_out,
		neigh_lookup: ip6_dst_neigh_lookup,
		confirm_neigh: ip6_confirm_neigh,
	};
}

/**
 * MTU of a destination that leads nowhere.
 * @kernel net/ipv6/route.c:261 (v5.10)
 */
function ip6_blackhole_mtu(dst: dst_entry): number {
	const mtu = dst_metric_raw(dst, RTAX_MTU);
	return mtu !== 0 ? mtu : dst.dev!.mtu;
}

/**
 * A destination that leads nowhere learns no path MTU.
 * @kernel net/ipv6/route.c:268 (v5.10)
 */
function ip6_rt_blackhole_update_pmtu(): void {
	/* nothing to learn */
}

/**
 * A destination that leads nowhere takes no redirect.
 * @kernel net/ipv6/route.c:274 (v5.10)
 */
function ip6_rt_blackhole_redirect(): void {
	/* nothing to learn */
}

const ip6_dst_blackhole_ops: dst_ops = {
	family: AF_INET6,
	destroy: ip6_dst_destroy,
	check: ip6_dst_check,
	mtu: ip6_blackhole_mtu,
	default_advmss: ip6_default_advmss,
	update_pmtu: ip6_rt_blackhole_update_pmtu,
	redirect: ip6_rt_blackhole_redirect,
	neigh_lookup: ip6_dst_neigh_lookup,
};

/**
 * Makes one of the three destinations that every namespace has.
 * @param error of the destination
 * @kernel PORT: ip6_null_entry_template, ip6_prohibit_entry_template, ip6_blk_hole_entry_template of net/ipv6/route.c
 */
function ip6_special_entry(
	ops: dst_ops,
	error: number,
	input: dst_entry['input'],
	output: dst_entry['output'],
): rt6_info {
	const rt = new rt6_info(ops, null, new Int32Array(RTAX_MAX), input, output);
	rt.__refcnt = 1;
	rt.__use = 1;
	rt.obsolete = DST_OBSOLETE_FORCE_CHK;
	rt.flags = DST_NOCOUNT;
	rt.error = error;
	rt.rt6i_flags = RTF_REJECT | RTF_NONEXTHOP;
	return rt;
}

/**
 * Makes a destination with one reference.
 * @param flags DST_*
 * @returns null when there are too many
 * @kernel net/ipv6/route.c:353 (v5.10)
 */
export function ip6_dst_alloc(net: net, dev: net_device, flags: number): rt6_info | null {
	const ops = net.ipv6.ip6_dst_ops!;

	/* PORT: dst_alloc() */
	if ((flags & DST_NOCOUNT) === 0) {
		if (ops.entries > ops.gc_thresh && ip6_dst_gc(net)) {
			net.machine.printk(
				'Route cache is full: consider increasing sysctl net.ipv6.route.max_size.',
			);
			return null;
		}
		ops.entries++;
	}

	const rt = new rt6_info(ops, dev, dst_default_metrics, dst_discard, dst_discard_out);
	dst_init(rt, ops, dev, 1, DST_OBSOLETE_FORCE_CHK, flags);
	net.ipv6.rt6_stats!.fib_rt_alloc++;
	return rt;
}

/**
 * Ends a destination's own part.
 * @kernel net/ipv6/route.c:368 (v5.10)
 */
function ip6_dst_destroy(dst: dst_entry): void {
	const rt = dst as rt6_info;

	if ((dst.flags & DST_NOCOUNT) === 0 && 'entries' in dst.ops)
		(dst.ops as ip6_dst_ops).entries--;
	rt6_uncached_list_del(rt);

	const idev = rt.rt6i_idev;
	if (idev !== null) {
		rt.rt6i_idev = null;
		in6_dev_put(idev);
	}

	const from = rt.from;
	rt.from = null;
	fib6_info_release(from);
}

/**
 * Lets a destination's IPv6 side move to the loopback device.
 * @kernel net/ipv6/route.c:387 (v5.10)
 */
function ip6_dst_ifdown(dst: dst_entry, dev: net_device, _how: boolean): void {
	const rt = dst as rt6_info;
	const idev = rt.rt6i_idev;
	const loopback_dev = dev.nd_net.loopback_dev;

	if (idev !== null && loopback_dev !== null && idev.dev !== loopback_dev) {
		const loopback_idev = in6_dev_get(loopback_dev);
		if (loopback_idev !== null) {
			rt.rt6i_idev = loopback_idev;
			in6_dev_put(idev);
		}
	}
}

/**
 * Tells whether a destination's own time is over.
 * @kernel net/ipv6/route.c:404 (v5.10)
 */
function __rt6_check_expired(rt: rt6_info): boolean {
	if ((rt.rt6i_flags & RTF_EXPIRES) !== 0) return rt.dev!.machine.jiffies > rt.expires;
	return false;
}

/**
 * Tells whether a destination's or its entry's time is over.
 * @kernel net/ipv6/route.c:412 (v5.10)
 */
function rt6_check_expired(rt: rt6_info): boolean {
	const from = rt.from;
	const now = rt.dev!.machine.jiffies;

	if ((rt.rt6i_flags & RTF_EXPIRES) !== 0) return now > rt.expires;
	if (from !== null)
		return rt.obsolete !== DST_OBSOLETE_FORCE_CHK || fib6_check_expired(from, now);
	return false;
}

/**
 * Chooses among entries with the same prefix and metric by the hash of the flow.
 * @param have_oif_match the device decided already
 * @param skb packet that the hash is taken of, or null for the flow's
 * @kernel net/ipv6/route.c:428 (v5.10)
 */
export function fib6_select_path(
	net: net,
	res: fib6_result,
	fl6: flowi6,
	oif: number,
	have_oif_match: boolean,
	skb: sk_buff | null,
	strict: number,
): void {
	let match = res.f6i!;

	if (match.fib6_nsiblings !== 0 && !have_oif_match) {
		if (fl6.mp_hash === 0) fl6.mp_hash = rt6_multipath_hash(net, fl6, skb, null);

		if (fl6.mp_hash > match.fib6_nh.fib_nh_upper_bound) {
			const first = match;
			for (
				let s = first.fib6_siblings_next;
				s !== first;
				s = s.fib6_siblings_next
			) {
				if (fl6.mp_hash > s.fib6_nh.fib_nh_upper_bound) continue;
				if (rt6_score_route(s.fib6_nh, s.fib6_flags, oif, strict) < 0)
					break;
				match = s;
				break;
			}
		}
	}

	res.f6i = match;
	res.nh = match.fib6_nh;
}

/**
 * Tells whether a next hop leaves by a device, or, when none is asked for, by one that has the source.
 * @kernel net/ipv6/route.c:479 (v5.10)
 */
function __rt6_device_match(
	net: net,
	nh: fib6_nh,
	saddr: in6_addr,
	oif: number,
	flags: number,
): boolean {
	if ((nh.fib_nh_flags & RTNH_F_DEAD) !== 0) return false;

	const dev = nh.fib_nh_dev!;
	if (oif !== 0) return dev.ifindex === oif;
	return ipv6_stub.of(net.machine).ipv6_chk_addr(net, saddr, dev, flags & RT6_LOOKUP_F_IFACE);
}

/**
 * Chooses an entry of a node by device or source.
 * @param res entry to start from, in; what was chosen, out
 * @kernel net/ipv6/route.c:539 (v5.10)
 */
function rt6_device_match(
	net: net,
	res: fib6_result,
	saddr: in6_addr,
	oif: number,
	flags: number,
): void {
	const f6i = res.f6i!;
	let nh: fib6_nh;

	out: {
		if (oif === 0 && ipv6_addr_any(saddr)) {
			nh = f6i.fib6_nh;
			if ((nh.fib_nh_flags & RTNH_F_DEAD) === 0) break out;
		}

		for (let spf6i: fib6_info | null = f6i; spf6i !== null; spf6i = spf6i.fib6_next) {
			nh = spf6i.fib6_nh;
			if (__rt6_device_match(net, nh, saddr, oif, flags)) {
				res.f6i = spf6i;
				break out;
			}
		}

		if (oif !== 0 && (flags & RT6_LOOKUP_F_IFACE) !== 0) {
			res.f6i = net.ipv6.fib6_null_entry!;
			nh = res.f6i.fib6_nh;
			break out;
		}

		nh = f6i.fib6_nh;
		if ((nh.fib_nh_flags & RTNH_F_DEAD) !== 0) {
			res.f6i = net.ipv6.fib6_null_entry!;
			nh = res.f6i.fib6_nh;
		}
	}
	res.nh = nh;
	res.fib6_type = res.f6i!.fib6_type;
	res.fib6_flags = res.f6i!.fib6_flags;
}

/**
 * Asks whether a router is there, in process context.
 * @param target of the router; a copy
 * @param dev referenced; the reference is dropped
 * @kernel net/ipv6/route.c:614 (v5.10)
 */
function rt6_probe_deferred(dev: net_device, target: in6_addr): void {
	const mcaddr = new Uint8Array(16);
	addrconf_addr_solict_mult(target, mcaddr);
	ipv6_stub.of(dev.machine).ndisc_send_ns(dev, target, mcaddr, null, null);
	dev_put(dev);
}

/**
 * Asks whether a next hop's router is there, no more often than the device's interval.
 * @kernel net/ipv6/route.c:626 (v5.10)
 */
function rt6_probe(fib6_nh: fib6_nh): void {
	if (fib6_nh.fib_nh_gw_family === 0) return;

	const nh_gw = fib6_nh.fib_nh_gw6;
	const dev = fib6_nh.fib_nh_dev!;
	const m = dev.machine;
	const idev = __in6_dev_get(dev);
	/* PORT: the C trusts that a device with routes has an IPv6 side */
	if (idev === null) return;

	const neigh = __ipv6_neigh_lookup_noref(dev, nh_gw);
	let work = false;
	if (neigh !== null) {
		if ((neigh.nud_state & NUD_VALID) !== 0) return;
		if (m.jiffies > neigh.updated + idev.cnf.rtr_probe_interval) {
			work = true;
			__neigh_set_probe_once(neigh);
		}
	} else if (m.jiffies > fib6_nh.last_probe + idev.cnf.rtr_probe_interval) {
		work = true;
	}

	if (!work) return;
	fib6_nh.last_probe = m.jiffies;
	dev_hold(dev);
	const target = nh_gw.slice();
	schedule_work(
		new work_struct(m, () => {
			rt6_probe_deferred(dev, target);
		}),
	);
}

/**
 * Tells whether a next hop's router is believed to be there.
 * @returns RT6_NUD_*
 * @kernel net/ipv6/route.c:693 (v5.10)
 */
function rt6_check_neigh(fib6_nh: fib6_nh): number {
	const neigh = __ipv6_neigh_lookup_noref(fib6_nh.fib_nh_dev!, fib6_nh.fib_nh_gw6);
	if (neigh === null) return RT6_NUD_SUCCEED;
	if ((neigh.nud_state & NUD_VALID) !== 0) return RT6_NUD_SUCCEED;
	if ((neigh.nud_state & NUD_FAILED) === 0) return RT6_NUD_SUCCEED;
	return RT6_NUD_FAIL_PROBE;
}

/**
 * Scores a next hop: device, preference, reachability.
 * @returns the score, or RT6_NUD_FAIL_*
 * @kernel net/ipv6/route.c:721 (v5.10)
 */
function rt6_score_route(nh: fib6_nh, fib6_flags: number, oif: number, strict: number): number {
	let m = 0;

	if (oif === 0 || nh.fib_nh_dev!.ifindex === oif) m = 2;

	if (m === 0 && (strict & RT6_LOOKUP_F_IFACE) !== 0) return RT6_NUD_FAIL_HARD;
	m |= IPV6_DECODE_PREF(IPV6_EXTRACT_PREF(fib6_flags)) << 2;
	if (
		(strict & RT6_LOOKUP_F_REACHABLE) !== 0 &&
		(fib6_flags & RTF_NONEXTHOP) === 0 &&
		nh.fib_nh_gw_family !== 0
	) {
		const n = rt6_check_neigh(nh);
		if (n < 0) return n;
	}
	return m;
}

/**
 * Tells whether a next hop scores better than all before it; the state remembers the score.
 * @kernel net/ipv6/route.c:743 (v5.10)
 */
function find_match(
	nh: fib6_nh,
	fib6_flags: number,
	oif: number,
	strict: number,
	st: rt6_lookup_state,
): boolean {
	let match_do_rr = false;

	if ((nh.fib_nh_flags & RTNH_F_DEAD) !== 0) return false;

	if (
		(nh.fib_nh_flags & RTNH_F_LINKDOWN) !== 0 &&
		(strict & RT6_LOOKUP_F_IGNORE_LINKSTATE) === 0 &&
		ip6_ignore_linkdown(nh.fib_nh_dev!)
	)
		return false;

	let m = rt6_score_route(nh, fib6_flags, oif, strict);
	if (m === RT6_NUD_FAIL_DO_RR) {
		match_do_rr = true;
		m = 0;
	} else if (m === RT6_NUD_FAIL_HARD) {
		return false;
	}

	if ((strict & RT6_LOOKUP_F_REACHABLE) !== 0) rt6_probe(nh);

	if (m > st.mpri) {
		st.do_rr = match_do_rr;
		st.mpri = m;
		return true;
	}
	return false;
}

/**
 * Looks for the best next hop from one entry to another.
 * @param stop_at_metric end, too, where the metric changes
 * @returns the entry at which the metric changed, or null
 * @kernel net/ipv6/route.c:797 (v5.10)
 */
function __find_rr_leaf(
	f6i_start: fib6_info | null,
	nomatch: fib6_info | null,
	metric: number,
	res: fib6_result,
	stop_at_metric: boolean,
	oif: number,
	strict: number,
	st: rt6_lookup_state,
	now: number,
): fib6_info | null {
	for (let f6i = f6i_start; f6i !== null && f6i !== nomatch; f6i = f6i.fib6_next) {
		if (stop_at_metric && f6i.fib6_metric !== metric) return f6i;

		if (fib6_check_expired(f6i, now)) continue;

		const nh = f6i.fib6_nh;
		if (find_match(nh, f6i.fib6_flags, oif, strict, st)) {
			res.f6i = f6i;
			res.nh = nh;
			res.fib6_flags = f6i.fib6_flags;
			res.fib6_type = f6i.fib6_type;
		}
	}
	return null;
}

/**
 * Looks for the best next hop of a node: among equal metrics round robin, then behind them.
 * @kernel net/ipv6/route.c:854 (v5.10)
 */
function find_rr_leaf(
	leaf: fib6_info,
	rr_head: fib6_info,
	oif: number,
	strict: number,
	st: rt6_lookup_state,
	res: fib6_result,
	now: number,
): void {
	const metric = rr_head.fib6_metric;
	st.mpri = -1;

	let cont = __find_rr_leaf(rr_head, null, metric, res, true, oif, strict, st, now);
	const cont2 = __find_rr_leaf(leaf, rr_head, metric, res, true, oif, strict, st, now);
	if (cont2 !== null) cont = cont2;

	if (res.f6i !== null || cont === null) return;

	__find_rr_leaf(cont, null, metric, res, false, oif, strict, st, now);
}

/**
 * Chooses an entry of a node; the null entry when none will do.
 * @kernel net/ipv6/route.c:875 (v5.10)
 */
function rt6_select(net: net, fn: fib6_node, oif: number, res: fib6_result, strict: number): void {
	const leaf = fn.leaf;
	const st = lookup_state.of(net.machine);

	res.f6i = null;
	st.do_rr = false;

	out: {
		if (leaf === null || leaf === net.ipv6.fib6_null_entry) break out;

		const rt0 = fn.rr_ptr ?? leaf;

		/* a node without entries of its own shows one of a longer prefix */
		if (fn.fn_bit !== rt0.fib6_dst.plen) break out;

		find_rr_leaf(leaf, rt0, oif, strict, st, res, net.machine.jiffies);
		if (st.do_rr) {
			let next = rt0.fib6_next;
			if (next === null || next.fib6_metric !== rt0.fib6_metric) next = leaf;
			if (next !== rt0 && next.fib6_node !== null) fn.rr_ptr = next;
		}
	}

	if (res.f6i === null) {
		const f6i = net.ipv6.fib6_null_entry!;
		res.f6i = f6i;
		res.nh = f6i.fib6_nh;
		res.fib6_flags = f6i.fib6_flags;
		res.fib6_type = f6i.fib6_type;
	}
}

/**
 * Tells whether a result has a gateway or needs no next hop.
 * @kernel net/ipv6/route.c:932 (v5.10)
 */
function rt6_is_gw_or_nonexthop(res: fib6_result): boolean {
	return (res.f6i!.fib6_flags & RTF_NONEXTHOP) !== 0 || res.nh!.fib_nh_gw_family !== 0;
}

/**
 * Takes a route information option of a router advertisement.
 * @param opt offset of the option in head
 * @param len bytes of the option
 * @param gwaddr the router
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/route.c:939 (v5.10)
 */
export function rt6_route_rcv(
	dev: net_device,
	head: Uint8Array,
	opt: number,
	len: number,
	gwaddr: in6_addr,
): number {
	const net = dev.nd_net;
	if (len < ROUTE_INFO_LEN) return -EINVAL;

	const length = head[opt + ROUTE_INFO_length];
	const prefix_len = head[opt + ROUTE_INFO_prefix_len];
	if (length > 3) return -EINVAL;
	else if (prefix_len > 128) return -EINVAL;
	else if (prefix_len > 64) {
		if (length < 2) return -EINVAL;
	} else if (prefix_len > 0) {
		if (length < 1) return -EINVAL;
	}

	const pref = (head[opt + ROUTE_INFO_flags] >> 3) & 3;
	if (pref === ICMPV6_ROUTER_PREF_INVALID) return -EINVAL;

	const lifetime = addrconf_timeout_fixup(
		get_unaligned_be32(head, opt + ROUTE_INFO_lifetime),
	);

	const prefix = new Uint8Array(16);
	if (length === 3) ipv6_addr_copy(prefix, head, 0, opt + ROUTE_INFO_prefix);
	else {
		/* PORT: the C reads behind a short option; what it reads is cut off by the prefix length */
		ipv6_addr_prefix(
			prefix,
			head.slice(opt + ROUTE_INFO_prefix, opt + ROUTE_INFO_prefix + 16),
			prefix_len,
		);
	}

	let rt =
		prefix_len === 0
			? rt6_get_dflt_router(net, gwaddr, dev)
			: rt6_get_route_info(net, prefix, prefix_len, gwaddr, dev);

	if (rt !== null && lifetime === 0) {
		ip6_del_rt(net, rt, false);
		rt = null;
	}

	if (rt === null && lifetime !== 0)
		rt = rt6_add_route_info(net, prefix, prefix_len, gwaddr, dev, pref);
	else if (rt !== null)
		rt.fib6_flags = RTF_ROUTEINFO | (rt.fib6_flags & ~RTF_PREF_MASK) | RTF_PREF(pref);

	if (rt !== null) {
		if (!addrconf_finite_timeout(lifetime)) fib6_clean_expires(rt);
		else fib6_set_expires(rt, net.machine.jiffies + HZ * lifetime);

		fib6_info_release(rt);
	}
	return 0;
}

/**
 * Device of a destination: for addresses of this host the loopback device, or its VRF's.
 * @kernel net/ipv6/route.c:1019 (v5.10)
 */
function ip6_rt_get_dev_rcu(res: fib6_result): net_device {
	const dev = res.nh!.fib_nh_dev!;

	if ((res.fib6_flags & (RTF_LOCAL | RTF_ANYCAST)) !== 0) {
		if (netif_is_l3_slave(dev) && !rt6_need_strict(res.f6i!.fib6_dst.addr))
			return l3mdev_master_dev_rcu(dev) ?? dev;
		else if (!netif_is_l3_master(dev)) return dev.nd_net.loopback_dev ?? dev;
	}
	return dev;
}

/** Error of a destination by RTN_*. */
const fib6_prop: readonly number[] = [
	0,
	0,
	0,
	0,
	0,
	0,
	-EINVAL,
	-EHOSTUNREACH,
	-EACCES,
	-EAGAIN,
	-EINVAL,
	-EINVAL,
];

/**
 * Error of a route type.
 * @param fib6_type RTN_*
 * @returns 0 or a negative errno
 * @kernel net/ipv6/route.c:1056 (v5.10)
 */
function ip6_rt_type_to_error(fib6_type: number): number {
	return fib6_prop[fib6_type];
}

/**
 * Flags of destinations made from an entry.
 * @returns DST_*
 * @kernel net/ipv6/route.c:1061 (v5.10)
 */
function fib6_info_dst_flags(rt: fib6_info): number {
	let flags = 0;
	if (rt.dst_nocount) flags |= DST_NOCOUNT;
	if (rt.dst_nopolicy) flags |= DST_NOPOLICY;
	return flags;
}

/**
 * Makes a destination refuse packets.
 * @param fib6_type RTN_*
 * @kernel net/ipv6/route.c:1073 (v5.10)
 */
function ip6_rt_init_dst_reject(rt: rt6_info, fib6_type: number): void {
	rt.error = ip6_rt_type_to_error(fib6_type);

	switch (fib6_type) {
		case RTN_BLACKHOLE:
			rt.output = dst_discard_out;
			rt.input = dst_discard;
			break;
		case RTN_PROHIBIT:
			rt.output = ip6_pkt_prohibit_out;
			rt.input = ip6_pkt_prohibit;
			break;
		case RTN_THROW:
		case RTN_UNREACHABLE:
		default:
			rt.output = ip6_pkt_discard_out;
			rt.input = ip6_pkt_discard;
			break;
	}
}

/**
 * Gives a destination its input and output functions.
 * @kernel net/ipv6/route.c:1095 (v5.10)
 */
function ip6_rt_init_dst(rt: rt6_info, res: fib6_result): void {
	const f6i = res.f6i!;
	const stub = ipv6_stub.of(rt.dev!.machine);

	if ((res.fib6_flags & RTF_REJECT) !== 0) {
		ip6_rt_init_dst_reject(rt, res.fib6_type);
		return;
	}

	rt.error = 0;
	rt.output = stub.ip6_output;

	if (res.fib6_type === RTN_LOCAL || res.fib6_type === RTN_ANYCAST) rt.input = stub.ip6_input;
	else if ((ipv6_addr_type(f6i.fib6_dst.addr) & IPV6_ADDR_MULTICAST) !== 0)
		rt.input = stub.ip6_mc_input;
	else rt.input = stub.ip6_forward;

	rt.lastuse = rt.dev!.machine.jiffies;
}

/**
 * Ties a destination to its entry; takes over a reference on it.
 * @kernel net/ipv6/route.c:1124 (v5.10)
 */
function rt6_set_from(rt: rt6_info, from: fib6_info): void {
	rt.rt6i_flags &= ~RTF_EXPIRES;
	rt.from = from;
	dst_init_metrics(rt, from.fib6_metrics);
}

/**
 * Fills a destination from an entry; takes over a reference on it.
 * @kernel net/ipv6/route.c:1132 (v5.10)
 */
function ip6_rt_copy_init(rt: rt6_info, res: fib6_result): void {
	const nh = res.nh!;
	const dev = nh.fib_nh_dev;
	const f6i = res.f6i!;

	ip6_rt_init_dst(rt, res);

	ipv6_addr_copy(rt.rt6i_dst.addr, f6i.fib6_dst.addr);
	rt.rt6i_dst.plen = f6i.fib6_dst.plen;
	rt.rt6i_idev = dev !== null ? in6_dev_get(dev) : null;
	rt.rt6i_flags = res.fib6_flags;
	if (nh.fib_nh_gw_family !== 0) {
		ipv6_addr_copy(rt.rt6i_gateway, nh.fib_nh_gw6);
		rt.rt6i_flags |= RTF_GATEWAY;
	}
	rt6_set_from(rt, f6i);
}

/**
 * Next wider prefix that has entries.
 * @returns null above the root
 * @kernel net/ipv6/route.c:1153 (v5.10)
 */
function fib6_backtrack(fn: fib6_node): fib6_node | null {
	for (;;) {
		if ((fn.fn_flags & RTN_TL_ROOT) !== 0) return null;
		fn = fn.parent!;
		if ((fn.fn_flags & RTN_RTINFO) !== 0) return fn;
	}
}

/**
 * Takes a reference on a destination.
 * @returns it, or the null entry, referenced, when it is on its way out
 * @kernel net/ipv6/route.c:1171 (v5.10)
 */
function ip6_hold_safe(net: net, rt: rt6_info): rt6_info {
	if (dst_hold_safe(rt)) return rt;
	const null_entry = net.ipv6.ip6_null_entry!;
	dst_hold(null_entry);
	return null_entry;
}

/**
 * Makes a destination from an entry.
 * @returns referenced; the null entry when it cannot be made
 * @kernel net/ipv6/route.c:1188 (v5.10)
 */
function ip6_create_rt_rcu(res: fib6_result): rt6_info {
	const dev = res.nh!.fib_nh_dev!;
	const net = dev.nd_net;
	const f6i = res.f6i!;

	fallback: {
		if (!fib6_info_hold_safe(f6i)) break fallback;

		const nrt = ip6_dst_alloc(net, dev, fib6_info_dst_flags(f6i));
		if (nrt === null) {
			fib6_info_release(f6i);
			break fallback;
		}

		ip6_rt_copy_init(nrt, res);
		return nrt;
	}

	const nrt = net.ipv6.ip6_null_entry!;
	dst_hold(nrt);
	return nrt;
}

/**
 * Looks a flow up in one table by prefix and device alone: no scores, no cached route of a next hop.
 * @returns referenced, never null
 * @kernel net/ipv6/route.c:1214 (v5.10)
 */
function ip6_pol_route_lookup(
	net: net,
	table: fib6_table,
	fl6: flowi6,
	skb: sk_buff | null,
	flags: number,
): rt6_info {
	const res = lookup_state.of(net.machine).res_lookup;

	if ((fl6.flowi6_flags & FLOWI_FLAG_SKIP_NH_OIF) !== 0) flags &= ~RT6_LOOKUP_F_IFACE;

	let fn: fib6_node | null = fib6_node_lookup(table.tb6_root, fl6.daddr, fl6.saddr);
	for (;;) {
		res.nh = null;
		res.fib6_flags = 0;
		res.fib6_type = 0;
		res.f6i = fn.leaf;
		if (res.f6i === null) res.f6i = net.ipv6.fib6_null_entry!;
		else rt6_device_match(net, res, fl6.saddr, fl6.flowi6_oif, flags);

		if (res.f6i !== net.ipv6.fib6_null_entry) break;

		fn = fib6_backtrack(fn);
		if (fn === null) {
			const rt = net.ipv6.ip6_null_entry!;
			dst_hold(rt);
			return rt;
		}
	}
	if ((res.fib6_flags & RTF_REJECT) !== 0) return ip6_create_rt_rcu(res);

	fib6_select_path(net, res, fl6, fl6.flowi6_oif, fl6.flowi6_oif !== 0, skb, flags);

	const rt = rt6_find_cached_rt(res, fl6.daddr);
	if (rt === null) return ip6_create_rt_rcu(res);
	if (!dst_hold_safe(rt)) return ip6_hold_safe(net, rt);
	rt.__use++;
	rt.lastuse = net.machine.jiffies;
	return rt;
}

/**
 * Finds the destination of a flow by prefix and device alone, through the rules.
 * @returns referenced, never null
 * @kernel net/ipv6/route.c:1270 (v5.10)
 */
export function ip6_route_lookup(
	net: net,
	fl6: flowi6,
	skb: sk_buff | null,
	flags: number,
): dst_entry {
	return fib6_rule_lookup(net, fl6, skb, flags, ip6_pol_route_lookup);
}

/**
 * Finds the destination of an address.
 * @param saddr source, or null
 * @param oif device, 0 for any
 * @param strict nonzero: no other device
 * @returns referenced, or null when there is no route
 * @kernel net/ipv6/route.c:1277 (v5.10)
 */
export function rt6_lookup(
	net: net,
	daddr: in6_addr,
	saddr: in6_addr | null,
	oif: number,
	skb: sk_buff | null,
	strict: number,
): rt6_info | null {
	const fl6 = new flowi6();
	let flags = strict !== 0 ? RT6_LOOKUP_F_IFACE : 0;

	fl6.flowi6_oif = oif;
	ipv6_addr_copy(fl6.daddr, daddr);
	if (saddr !== null) {
		ipv6_addr_copy(fl6.saddr, saddr);
		flags |= RT6_LOOKUP_F_HAS_SADDR;
	}

	const dst = fib6_rule_lookup(net, fl6, skb, flags, ip6_pol_route_lookup);
	if (dst.error === 0) return dst as rt6_info;

	dst_release(dst);
	return null;
}

/**
 * Adds an entry to its table.
 * @returns 0, -EEXIST, -ENOENT
 * @kernel net/ipv6/route.c:1309 (v5.10)
 */
function __ip6_ins_rt(rt: fib6_info, info: nl_info6, extack: netlink_ext_ack | null): number {
	return fib6_add(rt.fib6_table!.tb6_root, rt, info, extack);
}

/**
 * Adds an entry that the kernel itself made to its table.
 * @returns 0, -EEXIST, -ENOENT
 * @kernel net/ipv6/route.c:1323 (v5.10)
 */
export function ip6_ins_rt(net: net, rt: fib6_info): number {
	const info = new nl_info6();
	info.nl_net = net;
	return __ip6_ins_rt(rt, info, null);
}

/**
 * Clones an entry for one address.
 * @returns with one reference, or null
 * @kernel net/ipv6/route.c:1330 (v5.10)
 */
function ip6_rt_cache_alloc(
	res: fib6_result,
	daddr: Uint8Array,
	daddr_off: number,
): rt6_info | null {
	const f6i = res.f6i!;

	if (!fib6_info_hold_safe(f6i)) return null;

	const dev = ip6_rt_get_dev_rcu(res);
	const rt = ip6_dst_alloc(dev.nd_net, dev, 0);
	if (rt === null) {
		fib6_info_release(f6i);
		return null;
	}

	ip6_rt_copy_init(rt, res);
	rt.rt6i_flags |= RTF_CACHE;
	ipv6_addr_copy(rt.rt6i_dst.addr, daddr, 0, daddr_off);
	rt.rt6i_dst.plen = 128;

	if (!rt6_is_gw_or_nonexthop(res)) {
		if (
			f6i.fib6_dst.plen !== 128 &&
			ipv6_addr_equal(f6i.fib6_dst.addr, daddr, 0, daddr_off)
		)
			rt.rt6i_flags |= RTF_ANYCAST;
	}
	return rt;
}

/**
 * Makes the route that all users of a next hop share.
 * @returns with one reference, or null
 * @kernel net/ipv6/route.c:1372 (v5.10)
 */
function ip6_rt_pcpu_alloc(res: fib6_result): rt6_info | null {
	const f6i = res.f6i!;

	if (!fib6_info_hold_safe(f6i)) return null;

	const dev = ip6_rt_get_dev_rcu(res);
	const pcpu_rt = ip6_dst_alloc(dev.nd_net, dev, fib6_info_dst_flags(f6i) | DST_NOCOUNT);
	if (pcpu_rt === null) {
		fib6_info_release(f6i);
		return null;
	}
	ip6_rt_copy_init(pcpu_rt, res);
	pcpu_rt.rt6i_flags |= RTF_PCPU;
	return pcpu_rt;
}

/**
 * The route that all users of a next hop share.
 * @kernel net/ipv6/route.c:1405 (v5.10)
 */
function rt6_get_pcpu_route(res: fib6_result): rt6_info | null {
	return res.nh!.rt6i_pcpu;
}

/**
 * Makes the shared route of a next hop that has none.
 * @kernel net/ipv6/route.c:1427 (v5.10)
 */
function rt6_make_pcpu_route(res: fib6_result): rt6_info | null {
	const pcpu_rt = ip6_rt_pcpu_alloc(res);
	if (pcpu_rt === null) return null;

	res.nh!.rt6i_pcpu = pcpu_rt;

	if (res.f6i!.fib6_destroying) {
		const from = pcpu_rt.from;
		pcpu_rt.from = null;
		fib6_info_release(from);
	}
	return pcpu_rt;
}

/**
 * Takes an exception out.
 * @kernel net/ipv6/route.c:1457 (v5.10)
 */
function rt6_remove_exception(bucket: rt6_exception_bucket, rt6_ex: rt6_exception | null): void {
	if (rt6_ex === null) return;

	const rt6i = rt6_ex.rt6i;
	const net = rt6i.dev!.nd_net;
	net.ipv6.rt6_stats!.fib_rt_cache--;

	/* sockets may keep the route for long: it must not hold its entry and device */
	const from = rt6i.from;
	rt6i.from = null;
	fib6_info_release(from);
	dst_dev_put(rt6i);

	if (bucket.chain === rt6_ex) bucket.chain = rt6_ex.next;
	else
		for (let e = bucket.chain; e !== null; e = e.next)
			if (e.next === rt6_ex) {
				e.next = rt6_ex.next;
				break;
			}
	dst_release(rt6i);
	bucket.depth--;
}

/**
 * Takes the exception out that was not used for the longest time.
 * @kernel net/ipv6/route.c:1486 (v5.10)
 */
function rt6_exception_remove_oldest(bucket: rt6_exception_bucket): void {
	let oldest: rt6_exception | null = null;

	for (let e = bucket.chain; e !== null; e = e.next)
		if (oldest === null || e.stamp < oldest.stamp) oldest = e;
	rt6_remove_exception(bucket, oldest);
}

/**
 * Bucket of an address.
 * @kernel net/ipv6/route.c:1500 (v5.10)
 */
function rt6_exception_hash(m: Machine, dst: Uint8Array): number {
	return jhash(dst, 0, 16, rt6_hash_seed.of(m).exception) & (FIB6_EXCEPTION_BUCKET_SIZE - 1);
}

/**
 * Finds an exception in a bucket.
 * PORT: stands for __rt6_find_exception_spinlock() as well; the caller chooses the bucket.
 * @kernel net/ipv6/route.c:1555 (v5.10)
 */
function __rt6_find_exception_rcu(
	bucket: rt6_exception_bucket,
	daddr: in6_addr,
): rt6_exception | null {
	for (let e = bucket.chain; e !== null; e = e.next)
		if (ipv6_addr_equal(daddr, e.rt6i.rt6i_dst.addr)) return e;
	return null;
}

/**
 * MTU of an entry: its metric, or its device's.
 * @kernel net/ipv6/route.c:1584 (v5.10)
 */
function fib6_mtu(res: fib6_result): number {
	let mtu = res.f6i!.fib6_metrics[RTAX_MTU - 1];
	if (mtu === 0) {
		const idev = __in6_dev_get(res.nh!.fib_nh_dev!);
		mtu = idev !== null ? idev.cnf.mtu6 : IPV6_MIN_MTU;
	}
	return Math.min(mtu, IP6_MAX_MTU);
}

/**
 * Puts an exception in, in place of one for the same address.
 * @param nrt takes over its reference
 * @returns 0, -EINVAL when the next hop goes or the exception's MTU is not smaller
 * @kernel net/ipv6/route.c:1659 (v5.10)
 */
function rt6_insert_exception(nrt: rt6_info, res: fib6_result): number {
	const net = nrt.dev!.nd_net;
	const nh = res.nh!;

	let buckets = nh.rt6i_exception_bucket;
	if (nh.exception_bucket_flushed) return -EINVAL;
	if (buckets === null) {
		buckets = [];
		for (let i = 0; i < FIB6_EXCEPTION_BUCKET_SIZE; i++)
			buckets.push(new rt6_exception_bucket());
		nh.rt6i_exception_bucket = buckets;
	}

	/* the entry's MTU may have been lowered meanwhile */
	if (dst_metric_raw(nrt, RTAX_MTU) >= fib6_mtu(res)) return -EINVAL;

	const bucket = buckets[rt6_exception_hash(net.machine, nrt.rt6i_dst.addr)];
	rt6_remove_exception(bucket, __rt6_find_exception_rcu(bucket, nrt.rt6i_dst.addr));

	const rt6_ex = new rt6_exception(nrt);
	rt6_ex.stamp = net.machine.jiffies;
	rt6_ex.next = bucket.chain;
	bucket.chain = rt6_ex;
	bucket.depth++;
	net.ipv6.rt6_stats!.fib_rt_cache++;

	if (bucket.depth > FIB6_MAX_DEPTH) rt6_exception_remove_oldest(bucket);

	fib6_update_sernum(net, res.f6i!);
	fib6_force_start_gc(net);
	return 0;
}

/**
 * Takes exceptions of a next hop out.
 * @param from only those of this entry; null: all, and let none in any more
 * @kernel net/ipv6/route.c:1739 (v5.10)
 */
function fib6_nh_flush_exceptions(nh: fib6_nh, from: fib6_info | null): void {
	const buckets = nh.rt6i_exception_bucket;
	if (buckets === null) return;

	if (from === null) nh.exception_bucket_flushed = true;

	for (const bucket of buckets) {
		for (let e = bucket.chain; e !== null;) {
			const next: rt6_exception | null = e.next;
			if (from === null || e.rt6i.from === from) rt6_remove_exception(bucket, e);
			e = next;
		}
	}
}

/**
 * Takes the exceptions of an entry out.
 * @kernel net/ipv6/route.c:1778 (v5.10)
 */
export function rt6_flush_exceptions(f6i: fib6_info): void {
	fib6_nh_flush_exceptions(f6i.fib6_nh, f6i);
}

/**
 * Finds the exception of an address.
 * @returns not referenced, or null
 * @kernel net/ipv6/route.c:1790 (v5.10)
 */
function rt6_find_cached_rt(res: fib6_result, daddr: in6_addr): rt6_info | null {
	const nh = res.nh!;
	const buckets = nh.rt6i_exception_bucket;
	if (buckets === null) return null;

	const bucket = buckets[rt6_exception_hash(nh.fib_nh_dev!.machine, daddr)];
	const rt6_ex = __rt6_find_exception_rcu(bucket, daddr);
	if (rt6_ex !== null && !rt6_check_expired(rt6_ex.rt6i)) return rt6_ex.rt6i;
	return null;
}

/**
 * Takes a cached route out of a next hop's exceptions.
 * @returns 0 or -ENOENT
 * @kernel net/ipv6/route.c:1833 (v5.10)
 */
function fib6_nh_remove_exception(nh: fib6_nh, rt: rt6_info): number {
	const buckets = nh.rt6i_exception_bucket;
	if (buckets === null) return -ENOENT;

	const bucket = buckets[rt6_exception_hash(rt.dev!.machine, rt.rt6i_dst.addr)];
	const rt6_ex = __rt6_find_exception_rcu(bucket, rt.rt6i_dst.addr);
	if (rt6_ex === null) return -ENOENT;
	rt6_remove_exception(bucket, rt6_ex);
	return 0;
}

/**
 * Takes a cached route out of the exceptions it is in.
 * @returns 0, -EINVAL when it is no cached route, -ENOENT
 * @kernel net/ipv6/route.c:1888 (v5.10)
 */
function rt6_remove_exception_rt(rt: rt6_info): number {
	const from = rt.from;
	if (from === null || (rt.rt6i_flags & RTF_CACHE) === 0) return -EINVAL;
	return fib6_nh_remove_exception(from.fib6_nh, rt);
}

/**
 * Notes that an exception is used.
 * @kernel net/ipv6/route.c:1917 (v5.10)
 */
function fib6_nh_update_exception(nh: fib6_nh, rt: rt6_info): void {
	const m = rt.dev!.machine;
	const buckets = nh.rt6i_exception_bucket;
	if (buckets === null) return;

	const bucket = buckets[rt6_exception_hash(m, rt.rt6i_dst.addr)];
	const rt6_ex = __rt6_find_exception_rcu(bucket, rt.rt6i_dst.addr);
	if (rt6_ex !== null) rt6_ex.stamp = m.jiffies;
}

/**
 * Notes that a cached route is used.
 * @kernel net/ipv6/route.c:1963 (v5.10)
 */
function rt6_update_exception_stamp_rt(rt: rt6_info): void {
	const from = rt.from;
	if (from === null || (rt.rt6i_flags & RTF_CACHE) === 0) return;
	fib6_nh_update_exception(from.fib6_nh, rt);
}

/**
 * Tells whether a learned path MTU follows a change of the device's MTU.
 * @kernel net/ipv6/route.c:1993 (v5.10)
 */
function rt6_mtu_change_route_allowed(idev: inet6_dev, rt: rt6_info, mtu: number): boolean {
	/* a smaller MTU is now the smallest of the path; a larger one counts when ours was it */
	return dst_mtu(rt) >= mtu || dst_mtu(rt) === idev.cnf.mtu6;
}

/**
 * Lets learned path MTUs of a next hop follow a change of the device's MTU.
 * @kernel net/ipv6/route.c:2015 (v5.10)
 */
function rt6_exceptions_update_pmtu(idev: inet6_dev, nh: fib6_nh, mtu: number): void {
	const buckets = nh.rt6i_exception_bucket;
	if (buckets === null) return;

	for (const bucket of buckets)
		for (let e = bucket.chain; e !== null; e = e.next) {
			const entry = e.rt6i;
			if (
				dst_metric_raw(entry, RTAX_MTU) !== 0 &&
				rt6_mtu_change_route_allowed(idev, entry, mtu)
			)
				dst_metric_set(entry, RTAX_MTU, mtu);
		}
}

const RTF_CACHE_GATEWAY = RTF_GATEWAY | RTF_CACHE;

/**
 * Takes redirects to a router out that is none any more.
 * @kernel net/ipv6/route.c:2044 (v5.10)
 */
function fib6_nh_exceptions_clean_tohost(nh: fib6_nh, gateway: in6_addr): void {
	const buckets = nh.rt6i_exception_bucket;
	if (buckets === null) return;

	for (const bucket of buckets)
		for (let e = bucket.chain; e !== null;) {
			const next: rt6_exception | null = e.next;
			const entry = e.rt6i;
			if (
				(entry.rt6i_flags & RTF_CACHE_GATEWAY) === RTF_CACHE_GATEWAY &&
				ipv6_addr_equal(gateway, entry.rt6i_gateway)
			)
				rt6_remove_exception(bucket, e);
			e = next;
		}
}

/**
 * Takes an exception out whose time is over.
 * @param now jiffies
 * @kernel net/ipv6/route.c:2077 (v5.10)
 */
function rt6_age_examine_exception(
	bucket: rt6_exception_bucket,
	rt6_ex: rt6_exception,
	gc_args: fib6_gc_args,
	now: number,
): void {
	const rt = rt6_ex.rt6i;

	if ((rt.rt6i_flags & RTF_EXPIRES) === 0) {
		if (now >= rt.lastuse + gc_args.timeout) {
			rt6_remove_exception(bucket, rt6_ex);
			return;
		}
	} else if (rt.dev!.machine.jiffies > rt.expires) {
		rt6_remove_exception(bucket, rt6_ex);
		return;
	}

	if ((rt.rt6i_flags & RTF_GATEWAY) !== 0) {
		const neigh = __ipv6_neigh_lookup_noref(rt.dev!, rt.rt6i_gateway);
		const neigh_flags = neigh !== null ? neigh.flags : 0;

		if ((neigh_flags & NTF_ROUTER) === 0) {
			rt6_remove_exception(bucket, rt6_ex);
			return;
		}
	}

	gc_args.more++;
}

/**
 * Takes the exceptions of a next hop out whose time is over.
 * @kernel net/ipv6/route.c:2121 (v5.10)
 */
function fib6_nh_age_exceptions(nh: fib6_nh, gc_args: fib6_gc_args, now: number): void {
	const buckets = nh.rt6i_exception_bucket;
	if (buckets === null) return;

	for (const bucket of buckets)
		for (let e = bucket.chain; e !== null;) {
			const next: rt6_exception | null = e.next;
			rt6_age_examine_exception(bucket, e, gc_args, now);
			e = next;
		}
}

/**
 * Takes the exceptions of an entry out whose time is over.
 * @kernel net/ipv6/route.c:2163 (v5.10)
 */
export function rt6_age_exceptions(f6i: fib6_info, gc_args: fib6_gc_args, now: number): void {
	fib6_nh_age_exceptions(f6i.fib6_nh, gc_args, now);
}

/**
 * Finds the entry of a flow in one table: reachable routers first, when asked to.
 * @param oif device it must leave by, 0 for any
 * @param res takes the entry; the null entry when there is none
 * @returns 0
 * @kernel net/ipv6/route.c:2181 (v5.10)
 */
export function fib6_table_lookup(
	net: net,
	table: fib6_table,
	oif: number,
	fl6: flowi6,
	res: fib6_result,
	strict: number,
): number {
	let fn: fib6_node | null = fib6_node_lookup(table.tb6_root, fl6.daddr, fl6.saddr);
	const saved_fn = fn;

	if ((fl6.flowi6_flags & FLOWI_FLAG_SKIP_NH_OIF) !== 0) oif = 0;

	for (;;) {
		rt6_select(net, fn, oif, res, strict);
		if (res.f6i !== net.ipv6.fib6_null_entry) break;
		fn = fib6_backtrack(fn);
		if (fn !== null) continue;
		if ((strict & RT6_LOOKUP_F_REACHABLE) === 0) break;
		strict &= ~RT6_LOOKUP_F_REACHABLE;
		fn = saved_fn;
	}
	return 0;
}

/**
 * Finds the destination of a flow in one table.
 * @param oif device it came in or goes out by, 0 for any
 * @returns never null; referenced unless RT6_LOOKUP_F_DST_NOREF is set, and even then when it is a clone
 * @kernel net/ipv6/route.c:2211 (v5.10)
 */
export function ip6_pol_route(
	net: net,
	table: fib6_table,
	oif: number,
	fl6: flowi6,
	skb: sk_buff | null,
	flags: number,
): rt6_info {
	const res = lookup_state.of(net.machine).res;
	let rt: rt6_info | null = null;
	let strict = flags & (RT6_LOOKUP_F_IFACE | RT6_LOOKUP_F_IGNORE_LINKSTATE);

	res.nh = null;
	res.f6i = null;
	res.fib6_flags = 0;
	res.fib6_type = 0;
	if (net.ipv6.devconf_all!.forwarding === 0) strict |= RT6_LOOKUP_F_REACHABLE;

	fib6_table_lookup(net, table, oif, fl6, res, strict);
	if (res.f6i !== net.ipv6.fib6_null_entry) {
		fib6_select_path(net, res, fl6, oif, false, skb, strict);

		rt = rt6_find_cached_rt(res, fl6.daddr);
		if (rt === null) {
			if (
				(fl6.flowi6_flags & FLOWI_FLAG_KNOWN_NH) !== 0 &&
				res.nh!.fib_nh_gw_family === 0
			) {
				/* the packet's destination and the one looked up differ: a clone of its own */
				rt = ip6_rt_cache_alloc(res, fl6.daddr, 0);
				if (rt !== null) {
					rt6_uncached_list_add(rt);
					net.ipv6.rt6_stats!.fib_rt_uncache++;
					return rt;
				}
			} else {
				rt = rt6_get_pcpu_route(res);
				if (rt === null) rt = rt6_make_pcpu_route(res);
			}
		}
	}

	if (rt === null) rt = net.ipv6.ip6_null_entry!;
	if ((flags & RT6_LOOKUP_F_DST_NOREF) === 0) rt = ip6_hold_safe(net, rt);
	return rt;
}

/**
 * Looks the flow of a received packet up in one table.
 * @kernel net/ipv6/route.c:2281 (v5.10)
 */
function ip6_pol_route_input(
	net: net,
	table: fib6_table,
	fl6: flowi6,
	skb: sk_buff | null,
	flags: number,
): rt6_info {
	return ip6_pol_route(net, table, fl6.flowi6_iif, fl6, skb, flags);
}

/**
 * Finds the destination of a received flow.
 * @returns never null; referenced unless RT6_LOOKUP_F_DST_NOREF is set
 * @kernel net/ipv6/route.c:2290 (v5.10)
 */
export function ip6_route_input_lookup(
	net: net,
	_dev: net_device,
	fl6: flowi6,
	skb: sk_buff | null,
	flags: number,
): dst_entry {
	if (rt6_need_strict(fl6.daddr)) flags |= RT6_LOOKUP_F_IFACE;

	return fib6_rule_lookup(net, fl6, skb, flags, ip6_pol_route_input);
}

/**
 * Reads protocol and ports of a packet; fragments have no ports.
 * @kernel PORT: skb_flow_dissect_flow_keys() of net/core/flow_dissector.c, as far as IPv6 routes need it
 */
function rt6_flow_dissect(skb: sk_buff, keys: rt6_flow_keys, pos: exthdr_pos): void {
	const nh = ipv6_hdr(skb);

	pos.nexthdr = skb.head[nh + IPV6HDR_nexthdr];
	keys.sport = htons(0);
	keys.dport = htons(0);
	const off = ipv6_skip_exthdr(skb, nh - skb.data + IPV6HDR_LEN, pos);
	keys.ip_proto = pos.nexthdr;
	if (off < 0 || pos.frag_off !== 0) return;
	switch (pos.nexthdr) {
		case 6:
		case 17:
		case 33:
		case 132:
		case 136: {
			const p = skb_header_pointer_off(skb, off, 4);
			if (p < 0) return;
			keys.sport = get_unaligned_be16(skb.head, p);
			keys.dport = get_unaligned_be16(skb.head, p + 2);
		}
	}
}

/**
 * Offset in head of the IPv6 header whose addresses choose the next hop: that quoted in an ICMPv6 error, so
 * that the error takes the way of the flow it is about.
 * @kernel net/ipv6/route.c:2303 (v5.10)
 */
function ip6_multipath_l3_keys(skb: sk_buff): number {
	const outer_iph = ipv6_hdr(skb);
	if (skb.head[outer_iph + IPV6HDR_nexthdr] !== IPPROTO_ICMPV6) return outer_iph;

	const icmph = skb_header_pointer_off(skb, skb_transport_offset(skb), ICMP6HDR_LEN);
	if (icmph < 0) return ipv6_hdr(skb);
	if (!icmpv6_is_err(skb.head[icmph + ICMP6HDR_type])) return ipv6_hdr(skb);

	const inner_iph = skb_header_pointer_off(
		skb,
		skb_transport_offset(skb) + ICMP6HDR_LEN,
		IPV6HDR_LEN,
	);
	return inner_iph < 0 ? ipv6_hdr(skb) : inner_iph;
}

/**
 * Hashes a flow so that both of its directions give the same.
 * @kernel PORT: flow_hash_from_keys() of net/core/flow_dissector.c
 */
function flow_hash_from_keys(
	seed: number,
	src: Uint8Array,
	soff: number,
	dst: Uint8Array,
	doff: number,
	flow_label: number,
	proto: number,
	sport: number,
	dport: number,
): number {
	const diff = ipv6_addr_cmp(dst, src, doff, soff);
	let h: number;
	if (diff < 0 || (diff === 0 && dport < sport)) {
		h = jhash(src, soff, 16, jhash(dst, doff, 16, seed));
		h = jhash_3words(flow_label, proto, ((sport << 16) | dport) >>> 0, h);
	} else {
		h = jhash(dst, doff, 16, jhash(src, soff, 16, seed));
		h = jhash_3words(flow_label, proto, ((dport << 16) | sport) >>> 0, h);
	}
	return h !== 0 ? h : 1;
}

/**
 * Hash of a flow, never 0.
 * @kernel PORT: net/core/flow_dissector.c __get_hash_from_flowi6
 */
export function __get_hash_from_flowi6(m: Machine, fl6: flowi6): number {
	return flow_hash_from_keys(
		rt6_hash_seed.of(m).multipath,
		fl6.saddr,
		0,
		fl6.daddr,
		0,
		flowi6_get_flowlabel(fl6),
		fl6.flowi6_proto,
		fl6.fl6_sport,
		fl6.fl6_dport,
	);
}

/**
 * Hash by which a flow chooses among next hops.
 * @param skb packet to read; null: the flow says all
 * @param flkeys ports of the packet when they are known
 * @returns 31 bits
 * @kernel net/ipv6/route.c:2349 (v5.10)
 */
export function rt6_multipath_hash(
	net: net,
	fl6: flowi6,
	skb: sk_buff | null,
	flkeys: rt6_flow_keys | null,
): number {
	const st = lookup_state.of(net.machine);
	const seed = rt6_hash_seed.of(net.machine).multipath;

	if (ip6_multipath_hash_policy(net) === 1) {
		if (skb !== null) {
			if (skb.l4_hash) return skb.hash >>> 1;
			if (flkeys === null) {
				flkeys = st.flkeys;
				rt6_flow_dissect(skb, flkeys, st.pos);
			}
			const nh = ipv6_hdr(skb);
			return (
				flow_hash_from_keys(
					seed,
					skb.head,
					nh + IPV6HDR_saddr,
					skb.head,
					nh + IPV6HDR_daddr,
					0,
					flkeys.ip_proto,
					flkeys.sport,
					flkeys.dport,
				) >>> 1
			);
		}
		return (
			flow_hash_from_keys(
				seed,
				fl6.saddr,
				0,
				fl6.daddr,
				0,
				0,
				fl6.flowi6_proto,
				fl6.fl6_sport,
				fl6.fl6_dport,
			) >>> 1
		);
	}

	/* policy 0; policy 2 differs for tunnels only, which this world has not */
	if (skb !== null) {
		const key_iph = ip6_multipath_l3_keys(skb);
		const head = skb.head;
		return (
			flow_hash_from_keys(
				seed,
				head,
				key_iph + IPV6HDR_saddr,
				head,
				key_iph + IPV6HDR_daddr,
				ip6_flowlabel(head, key_iph),
				head[key_iph + IPV6HDR_nexthdr],
				0,
				0,
			) >>> 1
		);
	}
	return (
		flow_hash_from_keys(
			seed,
			fl6.saddr,
			0,
			fl6.daddr,
			0,
			flowi6_get_flowlabel(fl6),
			fl6.flowi6_proto,
			0,
			0,
		) >>> 1
	);
}

/**
 * Reads what rules about ports want to know.
 * @returns whether any rule does
 * @kernel include/net/ip6_fib.h:604 (v5.10)
 */
function fib6_rules_early_flow_dissect(
	net: net,
	skb: sk_buff,
	fl6: flowi6,
	st: rt6_lookup_state,
): boolean {
	if (net.ipv6.fib6_rules_require_fldissect === 0) return false;

	rt6_flow_dissect(skb, st.flkeys, st.pos);
	fl6.fl6_sport = st.flkeys.sport;
	fl6.fl6_dport = st.flkeys.dport;
	fl6.flowi6_proto = st.flkeys.ip_proto;
	return true;
}

/**
 * Finds where a received packet goes; the packet borrows the destination.
 * @param skb IPv6 header linear, network and transport header set
 * @kernel net/ipv6/route.c:2442 (v5.10)
 */
export function ip6_route_input(skb: sk_buff): void {
	const dev = skb.dev!;
	const net = dev.nd_net;
	const st = lookup_state.of(net.machine);
	const fl6 = st.fl6;
	const flags = RT6_LOOKUP_F_HAS_SADDR | RT6_LOOKUP_F_DST_NOREF;
	const iph = ipv6_hdr(skb);

	fl6.clear();
	fl6.flowi6_iif = dev.ifindex;
	ipv6_addr_copy(fl6.daddr, skb.head, 0, iph + IPV6HDR_daddr);
	ipv6_addr_copy(fl6.saddr, skb.head, 0, iph + IPV6HDR_saddr);
	fl6.flowlabel = ip6_flowinfo(skb.head, iph);
	fl6.flowi6_mark = skb.mark;
	fl6.flowi6_proto = skb.head[iph + IPV6HDR_nexthdr];

	const dissected = fib6_rules_early_flow_dissect(net, skb, fl6, st);
	if (fl6.flowi6_proto === IPPROTO_ICMPV6)
		fl6.mp_hash = rt6_multipath_hash(net, fl6, skb, dissected ? st.flkeys : null);
	skb_dst_drop(skb);
	const dst = ip6_route_input_lookup(net, dev, fl6, skb, flags);
	skb_dst_set_noref(skb, dst);
}

/**
 * Looks the flow of a packet to be sent up in one table.
 * @kernel net/ipv6/route.c:2472 (v5.10)
 */
function ip6_pol_route_output(
	net: net,
	table: fib6_table,
	fl6: flowi6,
	skb: sk_buff | null,
	flags: number,
): rt6_info {
	return ip6_pol_route(net, table, fl6.flowi6_oif, fl6, skb, flags);
}

/**
 * Finds the destination of a flow that this host sends.
 * @param sk the sender, or null
 * @param flags RT6_LOOKUP_F_*
 * @returns never null; not referenced, but for a clone of its own
 * @kernel net/ipv6/route.c:2481 (v5.10)
 */
export function ip6_route_output_flags_noref(
	net: net,
	sk: sock | null,
	fl6: flowi6,
	flags: number,
): dst_entry {
	if ((ipv6_addr_type(fl6.daddr) & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LINKLOCAL)) !== 0) {
		const dst = l3mdev_link_scope_lookup(net, fl6);
		if (dst !== null) return dst;
	}

	fl6.flowi6_iif = LOOPBACK_IFINDEX;

	flags |= RT6_LOOKUP_F_DST_NOREF;
	const any_src = ipv6_addr_any(fl6.saddr);
	if (
		(sk !== null && sk.sk_bound_dev_if !== 0) ||
		rt6_need_strict(fl6.daddr) ||
		(fl6.flowi6_oif !== 0 && any_src)
	)
		flags |= RT6_LOOKUP_F_IFACE;

	if (!any_src) flags |= RT6_LOOKUP_F_HAS_SADDR;
	else if (sk !== null) flags |= rt6_srcprefs2flags(inet6_sk(sk)?.srcprefs ?? 0);

	return fib6_rule_lookup(net, fl6, null, flags, ip6_pol_route_output);
}

/**
 * Finds the destination of a flow that this host sends.
 * @returns referenced, never null
 * @kernel net/ipv6/route.c:2514 (v5.10)
 */
export function ip6_route_output_flags(
	net: net,
	sk: sock | null,
	fl6: flowi6,
	flags: number,
): dst_entry {
	const dst = ip6_route_output_flags_noref(net, sk, fl6, flags);
	if (!(dst as rt6_info).rt6i_uncached && !dst_hold_safe(dst)) {
		const null_entry = net.ipv6.ip6_null_entry!;
		dst_hold(null_entry);
		return null_entry;
	}
	return dst;
}

/**
 * Makes a destination like another that discards everything.
 * @param dst_orig its reference is taken over
 * @kernel net/ipv6/route.c:2536 (v5.10)
 */
export function ip6_blackhole_route(net: net, dst_orig: dst_entry): dst_entry | number {
	const ort = dst_orig as rt6_info;
	const loopback_dev = net.loopback_dev;
	if (loopback_dev === null) {
		dst_release(dst_orig);
		return -ENOMEM;
	}
	const rt = new rt6_info(
		ip6_dst_blackhole_ops,
		loopback_dev,
		dst_default_metrics,
		dst_discard,
		dst_discard_out,
	);
	dst_init(rt, ip6_dst_blackhole_ops, loopback_dev, 1, DST_OBSOLETE_DEAD, 0);
	net.ipv6.rt6_stats!.fib_rt_alloc++;

	rt.__use = 1;
	dst_metrics_write_ptr(rt).set(ort._metrics);

	rt.rt6i_idev = in6_dev_get(loopback_dev);
	ipv6_addr_copy(rt.rt6i_gateway, ort.rt6i_gateway);
	rt.rt6i_flags = ort.rt6i_flags & ~RTF_PCPU;

	ipv6_addr_copy(rt.rt6i_dst.addr, ort.rt6i_dst.addr);
	rt.rt6i_dst.plen = ort.rt6i_dst.plen;

	dst_release(dst_orig);
	return rt;
}

/**
 * Tells whether an entry is still in the tree as it was.
 * @param cookie serial number of the node then
 * @kernel net/ipv6/route.c:2573 (v5.10)
 */
function fib6_check(f6i: fib6_info, cookie: number): boolean {
	if (f6i.fib6_node === null || fib6_get_cookie_safe(f6i) !== cookie) return false;
	return !fib6_check_expired(f6i, f6i.fib6_nh.fib_nh_dev!.machine.jiffies);
}

/**
 * Tells whether a cached route is still good.
 * @kernel net/ipv6/route.c:2586 (v5.10)
 */
function rt6_check(rt: rt6_info, from: fib6_info | null, cookie: number): dst_entry | null {
	if (from === null || from.fib6_node === null || fib6_get_cookie_safe(from) !== cookie)
		return null;
	return rt6_check_expired(rt) ? null : rt;
}

/**
 * Tells whether a shared or uncached route is still good.
 * @kernel net/ipv6/route.c:2602 (v5.10)
 */
function rt6_dst_from_check(rt: rt6_info, from: fib6_info, cookie: number): dst_entry | null {
	if (
		!__rt6_check_expired(rt) &&
		rt.obsolete === DST_OBSOLETE_FORCE_CHK &&
		fib6_check(from, cookie)
	)
		return rt;
	return null;
}

/**
 * Tells whether a destination is still good.
 * @param cookie rt6_get_cookie() when it was found
 * @returns it, or null
 * @kernel net/ipv6/route.c:2614 (v5.10)
 */
function ip6_dst_check(dst: dst_entry, cookie: number): dst_entry | null {
	const rt = dst as rt6_info;
	const from = rt.from;

	if (from !== null && ((rt.rt6i_flags & RTF_PCPU) !== 0 || rt.rt6i_uncached))
		return rt6_dst_from_check(rt, from, cookie);
	return rt6_check(rt, from, cookie);
}

/**
 * The sender gets no answer: another destination may do better.
 * @returns the destination when it may stay, null when the reference was dropped or the exception forgotten
 * @kernel net/ipv6/route.c:2645 (v5.10)
 */
function ip6_negative_advice(dst: dst_entry): dst_entry | null {
	const rt = dst as rt6_info;

	if ((rt.rt6i_flags & RTF_CACHE) !== 0) {
		if (!rt6_check_expired(rt)) return dst;
		rt6_remove_exception_rt(rt);
		return null;
	}
	dst_release(dst);
	return null;
}

/**
 * The next hop of a packet does not answer.
 * @kernel net/ipv6/route.c:2665 (v5.10)
 */
function ip6_link_failure(skb: sk_buff): void {
	icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);

	const rt = skb._dst as rt6_info | null;
	if (rt === null) return;
	if ((rt.rt6i_flags & RTF_CACHE) !== 0) {
		rt6_remove_exception_rt(rt);
	} else {
		const fn = rt.from !== null ? rt.from.fib6_node : null;
		if (fn !== null && (rt.rt6i_flags & RTF_DEFAULT) !== 0) fn.fn_sernum = -1;
	}
}

/**
 * Sets when a destination's own values end.
 * @param timeout jiffies from now
 * @kernel net/ipv6/route.c:2691 (v5.10)
 */
function rt6_update_expires(rt0: rt6_info, timeout: number): void {
	if ((rt0.rt6i_flags & RTF_EXPIRES) === 0 && rt0.from !== null)
		rt0.expires = rt0.from.expires;

	dst_set_expires(rt0, timeout);
	rt0.rt6i_flags |= RTF_EXPIRES;
}

/**
 * Sets a destination's path MTU.
 * @kernel net/ipv6/route.c:2707 (v5.10)
 */
function rt6_do_update_pmtu(rt: rt6_info, mtu: number): void {
	const net = rt.dev!.nd_net;

	dst_metric_set(rt, RTAX_MTU, mtu);
	rt.rt6i_flags |= RTF_MODIFIED;
	rt6_update_expires(rt, net.ipv6.sysctl.ip6_rt_mtu_expires);
}

/**
 * Tells whether a path MTU must become an exception, because others share the destination.
 * @kernel net/ipv6/route.c:2716 (v5.10)
 */
function rt6_cache_allowed_for_pmtu(rt: rt6_info): boolean {
	return (
		(rt.rt6i_flags & RTF_CACHE) === 0 &&
		((rt.rt6i_flags & RTF_PCPU) !== 0 || rt.from !== null)
	);
}

/**
 * Learns a path MTU.
 * @param head holds the packet's IPv6 header, null for none
 * @param iph offset of the header
 * @param mtu bytes
 * @param confirm_neigh the next hop is alive, too
 * @kernel net/ipv6/route.c:2722 (v5.10)
 */
function __ip6_rt_update_pmtu(
	dst: dst_entry,
	sk: sock | null,
	head: Uint8Array | null,
	iph: number,
	mtu: number,
	confirm_neigh: boolean,
): void {
	const rt6 = dst as rt6_info;
	let daddr: in6_addr | null = null;

	if (head !== null) daddr = head.slice(iph + IPV6HDR_daddr, iph + IPV6HDR_daddr + 16);
	else if (sk !== null) daddr = sk.sk_v6_daddr;

	if (confirm_neigh) dst_confirm_neigh(dst, daddr);

	if (mtu < IPV6_MIN_MTU) return;
	if (mtu >= dst_mtu(dst)) return;

	if (!rt6_cache_allowed_for_pmtu(rt6)) {
		rt6_do_update_pmtu(rt6, mtu);
		if ((rt6.rt6i_flags & RTF_CACHE) !== 0) rt6_update_exception_stamp_rt(rt6);
	} else if (daddr !== null) {
		const from = rt6.from;
		if (from === null) return;

		const res = new fib6_result();
		res.f6i = from;
		res.fib6_flags = from.fib6_flags;
		res.fib6_type = from.fib6_type;
		res.nh = from.fib6_nh;

		const nrt6 = ip6_rt_cache_alloc(res, daddr, 0);
		if (nrt6 !== null) {
			rt6_do_update_pmtu(nrt6, mtu);
			if (rt6_insert_exception(nrt6, res) !== 0) dst_release_immediate(nrt6);
		}
	}
}

/**
 * Learns the path MTU of a packet's destination.
 * @kernel net/ipv6/route.c:2801 (v5.10)
 */
function ip6_rt_update_pmtu(
	dst: dst_entry,
	sk: sock | null,
	skb: sk_buff | null,
	mtu: number,
	confirm_neigh: boolean,
): void {
	if (skb !== null)
		__ip6_rt_update_pmtu(dst, sk, skb.head, ipv6_hdr(skb), mtu, confirm_neigh);
	else __ip6_rt_update_pmtu(dst, sk, null, 0, mtu, confirm_neigh);
}

/**
 * Flow of the packet that an ICMPv6 error quotes.
 * @kernel PORT: the initialisers of fl6 in ip6_update_pmtu() and ip6_redirect()
 */
function quoted_flow(skb: sk_buff, oif: number, mark: number): flowi6 {
	const fl6 = new flowi6();
	fl6.flowi6_oif = oif;
	fl6.flowi6_mark = mark;
	ipv6_addr_copy(fl6.daddr, skb.head, 0, skb.data + IPV6HDR_daddr);
	ipv6_addr_copy(fl6.saddr, skb.head, 0, skb.data + IPV6HDR_saddr);
	fl6.flowlabel = ip6_flowinfo(skb.head, skb.data);
	return fl6;
}

/**
 * Learns the path MTU that an ICMPv6 error tells.
 * @param skb data at the quoted header
 * @param mtu bytes, host order
 * @kernel net/ipv6/route.c:2809 (v5.10)
 */
export function ip6_update_pmtu(
	skb: sk_buff,
	net: net,
	mtu: number,
	oif: number,
	mark: number,
): void {
	const fl6 = quoted_flow(skb, oif, mark !== 0 ? mark : IP6_REPLY_MARK(net, skb.mark));

	const dst = ip6_route_output(net, null, fl6);
	if (dst.error === 0) __ip6_rt_update_pmtu(dst, null, skb.head, skb.data, mtu, true);
	dst_release(dst);
}

/**
 * Learns the path MTU that an ICMPv6 error about a socket's packet tells.
 * @param skb data at the quoted header
 * @param mtu bytes, host order
 * @kernel net/ipv6/route.c:2830 (v5.10)
 */
export function ip6_sk_update_pmtu(skb: sk_buff, sk: sock, mtu: number): void {
	let oif = sk.sk_bound_dev_if;
	if (oif === 0 && skb.dev !== null) oif = l3mdev_master_ifindex(skb.dev);

	ip6_update_pmtu(skb, sk.sk_net, mtu, oif, sk.sk_mark);

	const dst = sk.sk_dst_cache;
	if (
		dst === null ||
		dst.obsolete === 0 ||
		dst.ops.check(dst, inet6_sk(sk)!.dst_cookie) !== null
	)
		return;

	if (!sock_owned_by_user(sk) && !ipv6_addr_v4mapped(sk.sk_v6_daddr))
		ipv6_stub.of(sk.machine).ip6_datagram_dst_update(sk, false);
}

/**
 * Gives a socket the route that a flow found; takes over the caller's reference.
 * @kernel net/ipv6/route.c:2852 (v5.10)
 */
export function ip6_sk_dst_store_flow(sk: sock, dst: dst_entry, fl6: flowi6): void {
	ip6_dst_store(
		sk,
		dst,
		ipv6_addr_equal(fl6.daddr, sk.sk_v6_daddr) ? sk.sk_v6_daddr : null,
		null,
	);
}

/** A flow with the router that redirects it. */
class ip6rd_flowi extends flowi6 {
	readonly gateway: in6_addr = new Uint8Array(16);
}

/** The exception whose gateway matched, beside what ip6_redirect_nh_match() answers. */
interface redirect_match {
	ret: rt6_info | null;
}

/**
 * Tells whether a redirect comes from the router that an entry or its exception names.
 * @kernel net/ipv6/route.c:2869 (v5.10)
 */
function ip6_redirect_nh_match(
	res: fib6_result,
	fl6: flowi6,
	gw: in6_addr,
	match: redirect_match,
): boolean {
	const nh = res.nh!;

	if (
		(nh.fib_nh_flags & RTNH_F_DEAD) !== 0 ||
		nh.fib_nh_gw_family === 0 ||
		fl6.flowi6_oif !== nh.fib_nh_dev!.ifindex
	)
		return false;

	/* an earlier redirect may have changed the router */
	if (!ipv6_addr_equal(gw, nh.fib_nh_gw6)) {
		const rt_cache = rt6_find_cached_rt(res, fl6.daddr);
		if (rt_cache !== null && ipv6_addr_equal(gw, rt_cache.rt6i_gateway)) {
			match.ret = rt_cache;
			return true;
		}
		return false;
	}
	return true;
}

/**
 * Finds the route that a redirect is about in one table.
 * @returns referenced, never null
 * @kernel net/ipv6/route.c:2920 (v5.10)
 */
function __ip6_route_redirect(
	net: net,
	table: fib6_table,
	fl6: flowi6,
	skb: sk_buff | null,
	_flags: number,
): rt6_info {
	const { gateway } = fl6 as ip6rd_flowi;
	const match: redirect_match = { ret: null };
	const res = new fib6_result();
	const null_entry = net.ipv6.fib6_null_entry!;
	const now = net.machine.jiffies;
	let rt: fib6_info | null;

	/* a VRF put itself in place of the device the redirect came in by */
	if ((fl6.flowi6_flags & FLOWI_FLAG_SKIP_NH_OIF) !== 0 && skb !== null)
		fl6.flowi6_oif = skb.dev!.ifindex;

	let fn: fib6_node | null = fib6_node_lookup(table.tb6_root, fl6.daddr, fl6.saddr);
	out: {
		while (fn !== null) {
			for (rt = fn.leaf; rt !== null; rt = rt.fib6_next) {
				res.f6i = rt;
				if (fib6_check_expired(rt, now)) continue;
				if ((rt.fib6_flags & RTF_REJECT) !== 0) break;
				res.nh = rt.fib6_nh;
				if (ip6_redirect_nh_match(res, fl6, gateway, match)) break out;
			}

			if (rt === null) rt = null_entry;
			else if ((rt.fib6_flags & RTF_REJECT) !== 0) {
				match.ret = net.ipv6.ip6_null_entry;
				break out;
			}

			res.f6i = rt;
			res.nh = rt.fib6_nh;
			if (rt !== null_entry) break;
			fn = fib6_backtrack(fn);
		}
	}

	if (match.ret !== null) return ip6_hold_safe(net, match.ret);
	res.fib6_flags = res.f6i!.fib6_flags;
	res.fib6_type = res.f6i!.fib6_type;
	return ip6_create_rt_rcu(res);
}

/**
 * Finds the route that a redirect is about.
 * @param gateway offset in skb.head of the address of the router that redirects
 * @returns referenced, never null
 * @kernel net/ipv6/route.c:3009 (v5.10)
 */
function ip6_route_redirect(net: net, fl6: flowi6, skb: sk_buff, gateway: number): dst_entry {
	const rdfl = new ip6rd_flowi();
	rdfl.copy(fl6);
	ipv6_addr_copy(rdfl.gateway, skb.head, 0, gateway);

	return fib6_rule_lookup(net, rdfl, skb, RT6_LOOKUP_F_HAS_SADDR, __ip6_route_redirect);
}

/**
 * Takes a redirect that quotes a packet.
 * @param skb data at the quoted header, network header at the redirect's own
 * @kernel net/ipv6/route.c:3024 (v5.10)
 */
export function ip6_redirect(skb: sk_buff, net: net, oif: number, mark: number): void {
	const fl6 = quoted_flow(skb, oif, mark);
	fl6.flowi6_iif = LOOPBACK_IFINDEX;

	const dst = ip6_route_redirect(net, fl6, skb, ipv6_hdr(skb) + IPV6HDR_saddr);
	rt6_do_redirect(dst, null, skb);
	dst_release(dst);
}

/**
 * Takes a redirect that quotes nothing.
 * @kernel net/ipv6/route.c:3045 (v5.10)
 */
export function ip6_redirect_no_header(skb: sk_buff, net: net, oif: number): void {
	const iph = ipv6_hdr(skb);
	const msg = icmp6_hdr(skb);
	const fl6 = new flowi6();

	fl6.flowi6_iif = LOOPBACK_IFINDEX;
	fl6.flowi6_oif = oif;
	ipv6_addr_copy(fl6.daddr, skb.head, 0, msg + RD_MSG_dest);
	ipv6_addr_copy(fl6.saddr, skb.head, 0, iph + IPV6HDR_daddr);

	const dst = ip6_route_redirect(net, fl6, skb, iph + IPV6HDR_saddr);
	rt6_do_redirect(dst, null, skb);
	dst_release(dst);
}

/**
 * Takes a redirect about a socket's packet.
 * @kernel net/ipv6/route.c:3063 (v5.10)
 */
export function ip6_sk_redirect(skb: sk_buff, sk: sock): void {
	ip6_redirect(skb, sk.sk_net, sk.sk_bound_dev_if, sk.sk_mark);
}

/** sizeof(struct tcphdr) */
const TCPHDR_LEN = 20;

/**
 * MSS to advertise.
 * @kernel net/ipv6/route.c:3070 (v5.10)
 */
function ip6_default_advmss(dst: dst_entry): number {
	const net = dst.dev!.nd_net;
	let mtu = dst_mtu(dst);

	mtu -= IPV6HDR_LEN + TCPHDR_LEN;

	if (mtu < net.ipv6.sysctl.ip6_rt_min_advmss) mtu = net.ipv6.sysctl.ip6_rt_min_advmss;

	/* the largest value means: any, the path MTU decides */
	if (mtu > IPV6_MAXPLEN - TCPHDR_LEN) mtu = IPV6_MAXPLEN;
	return mtu;
}

/**
 * MTU of a destination: its own, or its device's.
 * @kernel net/ipv6/route.c:3092 (v5.10)
 */
function ip6_mtu(dst: dst_entry): number {
	let mtu = dst_metric_raw(dst, RTAX_MTU);
	if (mtu === 0) {
		const idev = __in6_dev_get(dst.dev!);
		mtu = idev !== null ? idev.cnf.mtu6 : IPV6_MIN_MTU;
	}
	return mtu < IP6_MAX_MTU ? mtu : IP6_MAX_MTU;
}

/**
 * Makes the destination of a message that goes to a link directly.
 * @returns referenced, or a negative errno
 * @kernel net/ipv6/route.c:3156 (v5.10)
 */
export function icmp6_dst_alloc(dev: net_device, fl6: flowi6): dst_entry | number {
	const net = dev.nd_net;
	const stub = ipv6_stub.of(net.machine);
	const idev = in6_dev_get(dev);
	if (idev === null) return -ENODEV;

	const rt = ip6_dst_alloc(net, dev, 0);
	if (rt === null) {
		in6_dev_put(idev);
		return -ENOMEM;
	}

	rt.input = stub.ip6_input;
	rt.output = stub.ip6_output;
	ipv6_addr_copy(rt.rt6i_gateway, fl6.daddr);
	ipv6_addr_copy(rt.rt6i_dst.addr, fl6.daddr);
	rt.rt6i_dst.plen = 128;
	rt.rt6i_idev = idev;
	dst_metric_set(rt, RTAX_HOPLIMIT, 0);

	/* so that rt6_disable_ip() finds it */
	rt6_uncached_list_add(rt);
	net.ipv6.rt6_stats!.fib_rt_uncache++;

	return xfrm_lookup(net, rt, fl6, null, 0);
}

/**
 * Makes room when there are many destinations.
 * @returns true when there are still too many
 * @kernel net/ipv6/route.c:3194 (v5.10)
 */
function ip6_dst_gc(net: net): boolean {
	const ops = net.ipv6.ip6_dst_ops!;
	const { sysctl } = net.ipv6;
	const rt_last_gc = net.ipv6.ip6_rt_last_gc;
	let { entries } = ops;

	if (
		rt_last_gc + sysctl.ip6_rt_gc_min_interval <= net.machine.jiffies ||
		entries > sysctl.ip6_rt_max_size
	) {
		net.ipv6.ip6_rt_gc_expire++;
		fib6_run_gc(net.ipv6.ip6_rt_gc_expire, net, true);
		({ entries } = ops);
		if (entries < ops.gc_thresh)
			net.ipv6.ip6_rt_gc_expire = sysctl.ip6_rt_gc_timeout >> 1;
	}
	net.ipv6.ip6_rt_gc_expire -= net.ipv6.ip6_rt_gc_expire >> sysctl.ip6_rt_gc_elasticity;
	return entries > sysctl.ip6_rt_max_size;
}

/**
 * Looks a gateway up in one table.
 * @param res takes the entry
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/route.c:3222 (v5.10)
 */
function ip6_nh_lookup_table(
	net: net,
	cfg: fib6_config,
	gw_addr: in6_addr,
	tbid: number,
	flags: number,
	res: fib6_result,
): number {
	const fl6 = new flowi6();
	fl6.flowi6_oif = cfg.fc_ifindex;
	ipv6_addr_copy(fl6.daddr, gw_addr);
	ipv6_addr_copy(fl6.saddr, cfg.fc_prefsrc);

	const table = fib6_get_table(net, tbid);
	if (table === null) return -EINVAL;

	if (!ipv6_addr_any(cfg.fc_prefsrc)) flags |= RT6_LOOKUP_F_HAS_SADDR;

	flags |= RT6_LOOKUP_F_IGNORE_LINKSTATE;

	const err = fib6_table_lookup(net, table, cfg.fc_ifindex, fl6, res, flags);
	if (err === 0 && res.f6i !== net.ipv6.fib6_null_entry)
		fib6_select_path(net, res, fl6, cfg.fc_ifindex, cfg.fc_ifindex !== 0, null, flags);
	return err;
}

/**
 * Checks a gateway that is said to be on the link.
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/route.c:3251 (v5.10)
 */
function ip6_route_check_nh_onlink(
	net: net,
	cfg: fib6_config,
	dev: net_device,
	extack: netlink_ext_ack | null,
): number {
	const tbid = l3mdev_fib_table_rcu(dev) || RT_TABLE_MAIN;
	const res = new fib6_result();

	let err = ip6_nh_lookup_table(net, cfg, cfg.fc_gateway, tbid, 0, res);
	if (
		err === 0 &&
		(res.fib6_flags & RTF_REJECT) === 0 &&
		/* the default route matches everything */
		!ipv6_addr_any(res.f6i!.fib6_dst.addr) &&
		(res.fib6_type !== RTN_UNICAST || dev !== res.nh!.fib_nh_dev)
	) {
		NL_SET_ERR_MSG(extack, 'Nexthop has invalid gateway or device mismatch');
		err = -EINVAL;
	}
	return err;
}

/** Device of a next hop while it is being found out, each referenced. */
interface nh_dev {
	dev: net_device | null;
	idev: inet6_dev | null;
}

/**
 * Checks that a gateway is reachable directly and finds its device.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/route.c:3274 (v5.10)
 */
function ip6_route_check_nh(net: net, cfg: fib6_config, d: nh_dev): number {
	const gw_addr = cfg.fc_gateway;
	const { dev } = d;
	const flags = RT6_LOOKUP_F_IFACE;
	const res = new fib6_result();
	let err = -EHOSTUNREACH;

	if (cfg.fc_table !== 0) {
		err = ip6_nh_lookup_table(net, cfg, gw_addr, cfg.fc_table, flags, res);
		if (
			err !== 0 ||
			(res.fib6_flags & RTF_REJECT) !== 0 ||
			res.nh!.fib_nh_gw_family !== 0 ||
			(dev !== null && dev !== res.nh!.fib_nh_dev)
		)
			err = -EHOSTUNREACH;
	}

	if (err < 0) {
		const fl6 = new flowi6();
		fl6.flowi6_oif = cfg.fc_ifindex;
		ipv6_addr_copy(fl6.daddr, gw_addr);

		err = fib6_lookup(net, cfg.fc_ifindex, fl6, res, flags, fib6_table_lookup);
		if (
			err !== 0 ||
			(res.fib6_flags & RTF_REJECT) !== 0 ||
			res.nh!.fib_nh_gw_family !== 0
		)
			return -EHOSTUNREACH;

		fib6_select_path(net, res, fl6, cfg.fc_ifindex, cfg.fc_ifindex !== 0, null, flags);
	}

	if (dev !== null) {
		if (dev !== res.nh!.fib_nh_dev) return -EHOSTUNREACH;
	} else {
		d.dev = res.nh!.fib_nh_dev!;
		dev_hold(d.dev);
		d.idev = in6_dev_get(d.dev);
	}
	return 0;
}

/**
 * Checks the gateway of a route and finds its device.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/route.c:3328 (v5.10)
 */
function ip6_validate_gw(
	net: net,
	cfg: fib6_config,
	d: nh_dev,
	extack: netlink_ext_ack | null,
): number {
	const gw_addr = cfg.fc_gateway;
	const gwa_type = ipv6_addr_type(gw_addr);
	const skip_dev = (gwa_type & IPV6_ADDR_LINKLOCAL) === 0;
	const need_addr_check = d.dev === null;
	const { ipv6_chk_addr_and_flags } = ipv6_stub.of(net.machine);

	if (d.dev !== null && ipv6_chk_addr_and_flags(net, gw_addr, d.dev, skip_dev, 0, 0)) {
		NL_SET_ERR_MSG(extack, 'Gateway can not be a local address');
		return -EINVAL;
	}

	if (gwa_type !== (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_UNICAST)) {
		/* routers should have link-local addresses, or they cannot redirect; others are tolerated */
		if ((gwa_type & (IPV6_ADDR_UNICAST | IPV6_ADDR_MAPPED)) === 0) {
			NL_SET_ERR_MSG(extack, 'Invalid gateway address');
			return -EINVAL;
		}

		const err =
			(cfg.fc_flags & RTNH_F_ONLINK) !== 0
				? ip6_route_check_nh_onlink(net, cfg, d.dev!, extack)
				: ip6_route_check_nh(net, cfg, d);
		if (err !== 0) return err;
	}

	const { dev } = d;
	if (dev === null) {
		NL_SET_ERR_MSG(extack, 'Egress device not specified');
		return -EINVAL;
	} else if ((dev.flags & IFF_LOOPBACK) !== 0) {
		NL_SET_ERR_MSG(extack, 'Egress device can not be loopback device for this route');
		return -EINVAL;
	}

	if (need_addr_check && ipv6_chk_addr_and_flags(net, gw_addr, dev, skip_dev, 0, 0)) {
		NL_SET_ERR_MSG(extack, 'Gateway can not be a local address');
		return -EINVAL;
	}
	return 0;
}

/**
 * Tells whether a route refuses packets: asked for, or because it would go over the loopback device.
 * @kernel net/ipv6/route.c:3405 (v5.10)
 */
function fib6_is_reject(flags: number, dev: net_device | null, addr_type: number): boolean {
	return (
		(flags & RTF_REJECT) !== 0 ||
		(dev !== null &&
			(dev.flags & IFF_LOOPBACK) !== 0 &&
			(addr_type & IPV6_ADDR_LOOPBACK) === 0 &&
			(flags & (RTF_ANYCAST | RTF_LOCAL)) === 0)
	);
}

/**
 * Fills a next hop from a request.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/route.c:3416 (v5.10)
 */
export function fib6_nh_init(
	net: net,
	fib6_nh: fib6_nh,
	cfg: fib6_config,
	extack: netlink_ext_ack | null,
): number {
	const d: nh_dev = { dev: null, idev: null };
	let err = -ENODEV;

	fib6_nh.last_probe = net.machine.jiffies;

	out: {
		if (cfg.fc_ifindex !== 0) {
			d.dev = dev_get_by_index(net, cfg.fc_ifindex);
			if (d.dev === null) break out;
			d.idev = in6_dev_get(d.dev);
			if (d.idev === null) break out;
		}

		if ((cfg.fc_flags & RTNH_F_ONLINK) !== 0) {
			if (d.dev === null) {
				NL_SET_ERR_MSG(extack, 'Nexthop device required for onlink');
				break out;
			}
			if ((d.dev.flags & IFF_UP) === 0) {
				NL_SET_ERR_MSG(extack, 'Nexthop device is not up');
				err = -ENETDOWN;
				break out;
			}
			fib6_nh.fib_nh_flags |= RTNH_F_ONLINK;
		}

		fib6_nh.fib_nh_weight = 1;

		const addr_type = ipv6_addr_type(cfg.fc_dst);
		if (fib6_is_reject(cfg.fc_flags, d.dev, addr_type)) {
			if (d.dev !== net.loopback_dev) {
				if (d.dev !== null) {
					dev_put(d.dev);
					in6_dev_put(d.idev!);
				}
				d.dev = net.loopback_dev;
				d.idev = null;
				if (d.dev === null) break out;
				dev_hold(d.dev);
				d.idev = in6_dev_get(d.dev);
				if (d.idev === null) break out;
			}
		} else {
			if ((cfg.fc_flags & RTF_GATEWAY) !== 0) {
				err = ip6_validate_gw(net, cfg, d, extack);
				if (err !== 0) break out;

				ipv6_addr_copy(fib6_nh.fib_nh_gw6, cfg.fc_gateway);
				fib6_nh.fib_nh_gw_family = AF_INET6;
			}

			err = -ENODEV;
			/* PORT: the C trusts that the device found for a gateway has an IPv6 side */
			if (d.dev === null || d.idev === null) break out;

			if (d.idev.cnf.disable_ipv6 !== 0) {
				NL_SET_ERR_MSG(extack, 'IPv6 is disabled on nexthop device');
				err = -EACCES;
				break out;
			}

			if ((d.dev.flags & IFF_UP) === 0 && !cfg.fc_ignore_dev_down) {
				NL_SET_ERR_MSG(extack, 'Nexthop device is not up');
				err = -ENETDOWN;
				break out;
			}

			if (
				(cfg.fc_flags & (RTF_LOCAL | RTF_ANYCAST)) === 0 &&
				!netif_carrier_ok(d.dev)
			)
				fib6_nh.fib_nh_flags |= RTNH_F_LINKDOWN;
		}

		fib6_nh.fib_nh_dev = d.dev;
		fib6_nh.fib_nh_oif = d.dev!.ifindex;
		err = 0;
	}
	if (d.idev !== null) in6_dev_put(d.idev);
	if (err !== 0 && d.dev !== null) dev_put(d.dev);
	return err;
}

/**
 * Ends a next hop: exceptions, shared route, device.
 * @kernel net/ipv6/route.c:3543 (v5.10)
 */
export function fib6_nh_release(fib6_nh: fib6_nh): void {
	fib6_nh_flush_exceptions(fib6_nh, null);
	fib6_nh.rt6i_exception_bucket = null;

	const pcpu_rt = fib6_nh.rt6i_pcpu;
	if (pcpu_rt !== null) {
		dst_dev_put(pcpu_rt);
		dst_release(pcpu_rt);
		fib6_nh.rt6i_pcpu = null;
	}

	if (fib6_nh.fib_nh_dev !== null) dev_put(fib6_nh.fib_nh_dev);
}

/**
 * Makes an entry from a request.
 * @returns with one reference, or a negative errno
 * @kernel net/ipv6/route.c:3580 (v5.10)
 */
function ip6_route_info_create(
	cfg: fib6_config,
	extack: netlink_ext_ack | null,
): fib6_info | number {
	const net = cfg.fc_nlinfo.nl_net!;

	if ((cfg.fc_flags & RTF_PCPU) !== 0) {
		NL_SET_ERR_MSG(extack, 'Userspace can not set RTF_PCPU');
		return -EINVAL;
	}
	if ((cfg.fc_flags & RTF_CACHE) !== 0) {
		NL_SET_ERR_MSG(extack, 'Userspace can not set RTF_CACHE');
		return -EINVAL;
	}
	if (cfg.fc_type > RTN_MAX) {
		NL_SET_ERR_MSG(extack, 'Invalid route type');
		return -EINVAL;
	}
	if (cfg.fc_dst_len > 128) {
		NL_SET_ERR_MSG(extack, 'Invalid prefix length');
		return -EINVAL;
	}
	if (cfg.fc_src_len > 128) {
		NL_SET_ERR_MSG(extack, 'Invalid source address length');
		return -EINVAL;
	}
	if (cfg.fc_src_len !== 0) {
		NL_SET_ERR_MSG(
			extack,
			'Specifying source address requires IPV6_SUBTREES to be enabled',
		);
		return -EINVAL;
	}

	const { nlh } = cfg.fc_nlinfo;
	let table: fib6_table | null;
	if (nlh !== null && (nlh.flags & NLM_F_CREATE) === 0) {
		table = fib6_get_table(net, cfg.fc_table);
		if (table === null) {
			net.machine.printk(
				'IPv6: NLM_F_CREATE should be specified when creating new route',
			);
			table = fib6_new_table(net, cfg.fc_table);
		}
	} else {
		table = fib6_new_table(net, cfg.fc_table);
	}

	const rt = fib6_info_alloc();
	const metrics = ip_fib_metrics_init(cfg.fc_mx, extack);
	if (typeof metrics === 'number') {
		fib6_info_release(rt);
		return metrics;
	}
	rt.fib6_metrics = metrics;

	if ((cfg.fc_flags & RTF_ADDRCONF) !== 0) rt.dst_nocount = true;

	if ((cfg.fc_flags & RTF_EXPIRES) !== 0)
		fib6_set_expires(rt, net.machine.jiffies + clock_t_to_jiffies(cfg.fc_expires));
	else fib6_clean_expires(rt);

	if (cfg.fc_protocol === RTPROT_UNSPEC) cfg.fc_protocol = RTPROT_BOOT;
	rt.fib6_protocol = cfg.fc_protocol;

	rt.fib6_table = table;
	rt.fib6_metric = cfg.fc_metric;
	rt.fib6_type = cfg.fc_type !== 0 ? cfg.fc_type : RTN_UNICAST;
	rt.fib6_flags = cfg.fc_flags & ~RTF_GATEWAY;

	ipv6_addr_prefix(rt.fib6_dst.addr, cfg.fc_dst, cfg.fc_dst_len);
	rt.fib6_dst.plen = cfg.fc_dst_len;

	const err = fib6_nh_init(net, rt.fib6_nh, cfg, extack);
	if (err !== 0) {
		fib6_info_release(rt);
		return err;
	}

	const dev = rt.fib6_nh.fib_nh_dev!;
	if (fib6_is_reject(cfg.fc_flags, dev, ipv6_addr_type(cfg.fc_dst)))
		rt.fib6_flags = RTF_REJECT | RTF_NONEXTHOP;

	if (!ipv6_addr_any(cfg.fc_prefsrc)) {
		if (!ipv6_stub.of(net.machine).ipv6_chk_addr(net, cfg.fc_prefsrc, dev, 0)) {
			NL_SET_ERR_MSG(extack, 'Invalid source address');
			fib6_info_release(rt);
			return -EINVAL;
		}
		ipv6_addr_copy(rt.fib6_prefsrc.addr, cfg.fc_prefsrc);
		rt.fib6_prefsrc.plen = 128;
	} else {
		rt.fib6_prefsrc.plen = 0;
	}

	return rt;
}

/**
 * Adds a route.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/route.c:3735 (v5.10)
 */
export function ip6_route_add(cfg: fib6_config, extack: netlink_ext_ack | null): number {
	const rt = ip6_route_info_create(cfg, extack);
	if (IS_ERR(rt)) return rt;

	const err = __ip6_ins_rt(rt, cfg.fc_nlinfo, extack);
	fib6_info_release(rt);
	return err;
}

/**
 * Deletes an entry, and drops the caller's reference on it.
 * @returns 0 or -ENOENT
 * @kernel net/ipv6/route.c:3751 (v5.10)
 */
function __ip6_del_rt(rt: fib6_info, info: nl_info6): number {
	const net = info.nl_net!;
	const err = rt === net.ipv6.fib6_null_entry ? -ENOENT : fib6_del(rt, info);
	fib6_info_release(rt);
	return err;
}

/**
 * Deletes an entry for the kernel itself, and drops the caller's reference on it.
 * @returns 0 or -ENOENT
 * @kernel net/ipv6/route.c:3772 (v5.10)
 */
export function ip6_del_rt(net: net, rt: fib6_info, skip_notify: boolean): number {
	const info = new nl_info6();
	info.nl_net = net;
	info.skip_notify = skip_notify;
	return __ip6_del_rt(rt, info);
}

/**
 * Deletes an entry with its siblings when the request asks for it, and drops the caller's reference.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/route.c:3782 (v5.10)
 */
function __ip6_del_rt_siblings(rt: fib6_info, cfg: fib6_config): number {
	const info = cfg.fc_nlinfo;
	const net = info.nl_net!;
	let msg: nlmsg | null = null;
	let err = -ENOENT;

	out_put: {
		if (rt === net.ipv6.fib6_null_entry) break out_put;

		if (rt.fib6_nsiblings !== 0 && cfg.fc_delete_all_nh) {
			/* one message for all of them */
			msg = rt6_fill_node(net, rt, null, null, null, 0, RTM_DELROUTE, 0);
			info.skip_notify = true;
			info.skip_notify_kernel = true;

			while (rt.fib6_nsiblings !== 0) {
				err = fib6_del(rt.fib6_siblings_next, info);
				if (err !== 0) break out_put;
			}
		}

		err = fib6_del(rt, info);
	}
	fib6_info_release(rt);

	if (msg !== null) rtnl_notify(net, RTNLGRP_IPV6_ROUTE, msg);
	return err;
}

/**
 * Deletes a cached route if it is the one a request means.
 * @returns 0, -ESRCH or another negative errno
 * @kernel net/ipv6/route.c:3861 (v5.10)
 */
function __ip6_del_cached_rt(rt: rt6_info, cfg: fib6_config): number {
	if (cfg.fc_ifindex !== 0 && rt.dev!.ifindex !== cfg.fc_ifindex) return -ESRCH;

	if ((cfg.fc_flags & RTF_GATEWAY) !== 0 && !ipv6_addr_equal(cfg.fc_gateway, rt.rt6i_gateway))
		return -ESRCH;

	return rt6_remove_exception_rt(rt);
}

/**
 * Deletes an entry's cached route for the address that a request names.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/route.c:3877 (v5.10)
 */
function ip6_del_cached_rt(cfg: fib6_config, rt: fib6_info, nh: fib6_nh): number {
	const res = new fib6_result();
	res.f6i = rt;
	res.nh = nh;
	const rt_cache = rt6_find_cached_rt(res, cfg.fc_dst);
	if (rt_cache !== null) return __ip6_del_cached_rt(rt_cache, cfg);
	return 0;
}

/**
 * Deletes a route.
 * @returns 0, -ESRCH or another negative errno
 * @kernel net/ipv6/route.c:3917 (v5.10)
 */
function ip6_route_del(cfg: fib6_config, extack: netlink_ext_ack | null): number {
	const table = fib6_get_table(cfg.fc_nlinfo.nl_net!, cfg.fc_table);
	if (table === null) {
		NL_SET_ERR_MSG(extack, 'FIB table does not exist');
		return -ESRCH;
	}

	const fn = fib6_locate(
		table.tb6_root,
		cfg.fc_dst,
		cfg.fc_dst_len,
		cfg.fc_src,
		cfg.fc_src_len,
		(cfg.fc_flags & RTF_CACHE) === 0,
	);
	if (fn === null) return -ESRCH;

	for (let rt = fn.leaf; rt !== null; rt = rt.fib6_next) {
		const nh = rt.fib6_nh;

		if ((cfg.fc_flags & RTF_CACHE) !== 0) {
			const rc = ip6_del_cached_rt(cfg, rt, nh);
			if (rc !== -ESRCH) return rc;
			continue;
		}

		if (cfg.fc_metric !== 0 && cfg.fc_metric !== rt.fib6_metric) continue;
		if (cfg.fc_protocol !== 0 && cfg.fc_protocol !== rt.fib6_protocol) continue;

		if (
			cfg.fc_ifindex !== 0 &&
			(nh.fib_nh_dev === null || nh.fib_nh_dev.ifindex !== cfg.fc_ifindex)
		)
			continue;
		if (
			(cfg.fc_flags & RTF_GATEWAY) !== 0 &&
			!ipv6_addr_equal(cfg.fc_gateway, nh.fib_nh_gw6)
		)
			continue;
		if (!fib6_info_hold_safe(rt)) continue;

		/* a gateway names one hop of several */
		if ((cfg.fc_flags & RTF_GATEWAY) !== 0) return __ip6_del_rt(rt, cfg.fc_nlinfo);

		return __ip6_del_rt_siblings(rt, cfg);
	}
	return -ESRCH;
}

/**
 * Takes a redirect: the neighbour it names, and an exception for the destination.
 * @param dst route the redirect is about
 * @param skb transport header at the ICMPv6 header
 * @kernel net/ipv6/route.c:4004 (v5.10)
 */
function rt6_do_redirect(dst: dst_entry, _sk: sock | null, skb: sk_buff): void {
	const m = skb.machine;
	const stub = ipv6_stub.of(m);
	const { head } = skb;
	const dev = skb.dev!;
	const msg = icmp6_hdr(skb);

	const optlen = skb.tail - skb.transport_header - RD_MSG_LEN;
	if (optlen < 0) return;

	if (ipv6_addr_is_multicast(head, msg + RD_MSG_dest)) return;

	let on_link = false;
	if (ipv6_addr_equal(head, head, msg + RD_MSG_dest, msg + RD_MSG_target)) {
		on_link = true;
	} else if (
		ipv6_addr_type(head, msg + RD_MSG_target) !==
		(IPV6_ADDR_UNICAST | IPV6_ADDR_LINKLOCAL)
	) {
		return;
	}

	const in6_dev = __in6_dev_get(dev);
	if (in6_dev === null) return;
	if (in6_dev.cnf.forwarding !== 0 || in6_dev.cnf.accept_redirects === 0) return;

	const ndopts = new ndisc_options();
	if (stub.ndisc_parse_options(dev, skb, msg + RD_MSG_opt, optlen, ndopts) === null) return;

	let lladdr: Uint8Array | null = null;
	const tgt = ndopts.nd_opt_array[ND_OPT_TARGET_LL_ADDR];
	if (tgt !== 0) {
		const at = ndisc_opt_addr_data(head, tgt, dev);
		if (at === 0) return;
		lladdr = head.slice(at, at + dev.addr_len);
	}

	const rt = dst as rt6_info;
	if ((rt.rt6i_flags & RTF_REJECT) !== 0) return;

	/* a redirect answers a packet, so the router is there */
	const iph = ipv6_hdr(skb);
	dst_confirm_neigh(rt, head.slice(iph + IPV6HDR_saddr, iph + IPV6HDR_saddr + 16));

	const target = head.slice(msg + RD_MSG_target, msg + RD_MSG_target + 16);
	const neigh = stub.nd_tbl !== null ? __neigh_lookup(stub.nd_tbl, target, dev, true) : null;
	if (neigh === null) return;

	stub.ndisc_update(
		dev,
		neigh,
		lladdr,
		NUD_STALE,
		NEIGH_UPDATE_F_WEAK_OVERRIDE |
			NEIGH_UPDATE_F_OVERRIDE |
			(on_link ? 0 : NEIGH_UPDATE_F_OVERRIDE_ISROUTER | NEIGH_UPDATE_F_ISROUTER),
		NDISC_REDIRECT,
	);

	out: {
		const f6i = rt.from;
		if (f6i === null) break out;

		const res = new fib6_result();
		res.f6i = f6i;
		res.nh = f6i.fib6_nh;
		res.fib6_flags = f6i.fib6_flags;
		res.fib6_type = f6i.fib6_type;
		const nrt = ip6_rt_cache_alloc(res, head, msg + RD_MSG_dest);
		if (nrt === null) break out;

		nrt.rt6i_flags = RTF_GATEWAY | RTF_UP | RTF_DYNAMIC | RTF_CACHE;
		if (on_link) nrt.rt6i_flags &= ~RTF_GATEWAY;

		ipv6_addr_copy(nrt.rt6i_gateway, neigh.primary_key);

		if (rt6_insert_exception(nrt, res) !== 0) {
			dst_release_immediate(nrt);
			break out;
		}

		call_netevent_notifiers(m, NETEVENT_REDIRECT, {
			old: rt,
			new: nrt,
			daddr: nrt.rt6i_dst.addr,
			neigh,
		});
	}
	neigh_release(neigh);
}

/**
 * Finds the route that a router's route information made.
 * @returns referenced, or null
 * @kernel net/ipv6/route.c:4147 (v5.10)
 */
function rt6_get_route_info(
	net: net,
	prefix: in6_addr,
	prefixlen: number,
	gwaddr: in6_addr,
	dev: net_device,
): fib6_info | null {
	const tb_id = l3mdev_fib_table(dev) || RT6_TABLE_INFO;
	const table = fib6_get_table(net, tb_id);
	if (table === null) return null;

	const fn = fib6_locate(table.tb6_root, prefix, prefixlen, null, 0, true);
	if (fn === null) return null;

	for (let rt = fn.leaf; rt !== null; rt = rt.fib6_next) {
		if (rt.fib6_nh.fib_nh_dev !== dev) continue;
		if ((rt.fib6_flags & RTF_ROUTEINFO) === 0 || rt.fib6_nh.fib_nh_gw_family === 0)
			continue;
		if (!ipv6_addr_equal(rt.fib6_nh.fib_nh_gw6, gwaddr)) continue;
		if (!fib6_info_hold_safe(rt)) continue;
		return rt;
	}
	return null;
}

/**
 * Adds a route that a router told of.
 * @param pref ICMPV6_ROUTER_PREF_*
 * @returns referenced, or null
 * @kernel net/ipv6/route.c:4187 (v5.10)
 */
function rt6_add_route_info(
	net: net,
	prefix: in6_addr,
	prefixlen: number,
	gwaddr: in6_addr,
	dev: net_device,
	pref: number,
): fib6_info | null {
	const cfg = new fib6_config();
	cfg.fc_metric = IP6_RT_PRIO_USER;
	cfg.fc_ifindex = dev.ifindex;
	cfg.fc_dst_len = prefixlen;
	cfg.fc_flags = RTF_GATEWAY | RTF_ADDRCONF | RTF_ROUTEINFO | RTF_UP | RTF_PREF(pref);
	cfg.fc_protocol = RTPROT_RA;
	cfg.fc_type = RTN_UNICAST;
	cfg.fc_nlinfo.nl_net = net;

	cfg.fc_table = l3mdev_fib_table(dev) || RT6_TABLE_INFO;
	ipv6_addr_copy(cfg.fc_dst, prefix);
	ipv6_addr_copy(cfg.fc_gateway, gwaddr);

	if (prefixlen === 0) cfg.fc_flags |= RTF_DEFAULT;

	ip6_route_add(cfg, null);

	return rt6_get_route_info(net, prefix, prefixlen, gwaddr, dev);
}

/**
 * Finds the default route that a router's advertisement made.
 * @returns referenced, or null
 * @kernel net/ipv6/route.c:4220 (v5.10)
 */
export function rt6_get_dflt_router(net: net, addr: in6_addr, dev: net_device): fib6_info | null {
	const table = fib6_get_table(net, l3mdev_fib_table(dev) || RT6_TABLE_DFLT);
	if (table === null) return null;

	for (let rt = table.tb6_root.leaf; rt !== null; rt = rt.fib6_next) {
		const nh = rt.fib6_nh;
		if (
			dev === nh.fib_nh_dev &&
			(rt.fib6_flags & (RTF_ADDRCONF | RTF_DEFAULT)) ===
				(RTF_ADDRCONF | RTF_DEFAULT) &&
			ipv6_addr_equal(nh.fib_nh_gw6, addr)
		)
			return fib6_info_hold_safe(rt) ? rt : null;
	}
	return null;
}

/**
 * Adds a default route for a router that advertised itself.
 * @param pref ICMPV6_ROUTER_PREF_*
 * @returns referenced, or null
 * @kernel net/ipv6/route.c:4252 (v5.10)
 */
export function rt6_add_dflt_router(
	net: net,
	gwaddr: in6_addr,
	dev: net_device,
	pref: number,
): fib6_info | null {
	const cfg = new fib6_config();
	cfg.fc_table = l3mdev_fib_table(dev) || RT6_TABLE_DFLT;
	cfg.fc_metric = IP6_RT_PRIO_USER;
	cfg.fc_ifindex = dev.ifindex;
	cfg.fc_flags =
		RTF_GATEWAY | RTF_ADDRCONF | RTF_DEFAULT | RTF_UP | RTF_EXPIRES | RTF_PREF(pref);
	cfg.fc_protocol = RTPROT_RA;
	cfg.fc_type = RTN_UNICAST;
	cfg.fc_nlinfo.nl_net = net;

	ipv6_addr_copy(cfg.fc_gateway, gwaddr);

	if (ip6_route_add(cfg, null) === 0) {
		const table = fib6_get_table(net, cfg.fc_table);
		if (table !== null) table.flags |= RT6_TABLE_HAS_DFLT_ROUTER;
	}

	return rt6_get_dflt_router(net, gwaddr, dev);
}

/**
 * Forgets the advertised routers of one table, but those of devices that take advertisements all the same.
 * @kernel net/ipv6/route.c:4283 (v5.10)
 */
function __rt6_purge_dflt_routers(net: net, table: fib6_table): void {
	let rt = table.tb6_root.leaf;

	while (rt !== null) {
		const dev = fib6_info_nh_dev(rt);
		const idev = dev !== null ? __in6_dev_get(dev) : null;

		if (
			(rt.fib6_flags & (RTF_DEFAULT | RTF_ADDRCONF)) !== 0 &&
			(idev === null || idev.cnf.accept_ra !== 2) &&
			fib6_info_hold_safe(rt)
		) {
			ip6_del_rt(net, rt, false);
			rt = table.tb6_root.leaf;
			continue;
		}
		rt = rt.fib6_next;
	}

	table.flags &= ~RT6_TABLE_HAS_DFLT_ROUTER;
}

/**
 * Forgets advertised routers, because this host became one.
 * @kernel net/ipv6/route.c:4307 (v5.10)
 */
export function rt6_purge_dflt_routers(net: net): void {
	for (const table of net.ipv6.fib_table_hash.values())
		if ((table.flags & RT6_TABLE_HAS_DFLT_ROUTER) !== 0)
			__rt6_purge_dflt_routers(net, table);
}

/**
 * Drops a packet and says so to its sender.
 * @param code ICMPV6_NOROUTE or ICMPV6_ADM_PROHIBITED
 * @param ipstats_mib_noroutes IPSTATS_MIB_INNOROUTES or IPSTATS_MIB_OUTNOROUTES
 * @returns 0
 * @kernel net/ipv6/route.c:4378 (v5.10)
 */
function ip6_pkt_drop(skb: sk_buff, code: number, ipstats_mib_noroutes: number): number {
	const dst = skb._dst!;
	const net = dst.dev!.nd_net;
	const idev =
		netif_is_l3_master(skb.dev!) && dst.dev === net.loopback_dev
			? __in6_dev_get_safely(dev_get_by_index_rcu(net, IP6CB(skb).iif))
			: ip6_dst_idev(dst);

	if (
		ipstats_mib_noroutes === IPSTATS_MIB_INNOROUTES &&
		ipv6_addr_type(skb.head, ipv6_hdr(skb) + IPV6HDR_daddr) === IPV6_ADDR_ANY
	)
		IP6_INC_STATS(net, idev, IPSTATS_MIB_INADDRERRORS);
	else IP6_INC_STATS(net, idev, ipstats_mib_noroutes);

	/* a VRF sent it here: it must be looked up anew for the answer */
	if (netif_is_l3_master(skb.dev!)) skb_dst_drop(skb);

	icmpv6_send(skb, ICMPV6_DEST_UNREACH, code, 0);
	kfree_skb(skb);
	return 0;
}

/**
 * Input of a destination without route.
 * @returns 0
 * @kernel net/ipv6/route.c:4413 (v5.10)
 */
function ip6_pkt_discard(skb: sk_buff): number {
	return ip6_pkt_drop(skb, ICMPV6_NOROUTE, IPSTATS_MIB_INNOROUTES);
}

/**
 * Output of a destination without route.
 * @returns 0
 * @kernel net/ipv6/route.c:4418 (v5.10)
 */
function ip6_pkt_discard_out(_net: net, _sk: sock | null, skb: sk_buff): number {
	skb.dev = skb._dst!.dev;
	return ip6_pkt_drop(skb, ICMPV6_NOROUTE, IPSTATS_MIB_OUTNOROUTES);
}

/**
 * Input of a destination that is prohibited.
 * @returns 0
 * @kernel net/ipv6/route.c:4424 (v5.10)
 */
function ip6_pkt_prohibit(skb: sk_buff): number {
	return ip6_pkt_drop(skb, ICMPV6_ADM_PROHIBITED, IPSTATS_MIB_INNOROUTES);
}

/**
 * Output of a destination that is prohibited.
 * @returns 0
 * @kernel net/ipv6/route.c:4429 (v5.10)
 */
function ip6_pkt_prohibit_out(_net: net, _sk: sock | null, skb: sk_buff): number {
	skb.dev = skb._dst!.dev;
	return ip6_pkt_drop(skb, ICMPV6_ADM_PROHIBITED, IPSTATS_MIB_OUTNOROUTES);
}

/**
 * Makes the entry of an address of this host, not yet in a table.
 * @param anycast an anycast address
 * @returns with one reference, or a negative errno
 * @kernel net/ipv6/route.c:4439 (v5.10)
 */
export function addrconf_f6i_alloc(
	net: net,
	idev: inet6_dev,
	addr: in6_addr,
	anycast: boolean,
): fib6_info | number {
	const cfg = new fib6_config();
	cfg.fc_table = l3mdev_fib_table(idev.dev) || RT6_TABLE_LOCAL;
	cfg.fc_ifindex = idev.dev.ifindex;
	cfg.fc_flags = RTF_UP | RTF_NONEXTHOP;
	ipv6_addr_copy(cfg.fc_dst, addr);
	cfg.fc_dst_len = 128;
	cfg.fc_protocol = RTPROT_KERNEL;
	cfg.fc_nlinfo.nl_net = net;
	cfg.fc_ignore_dev_down = true;

	if (anycast) {
		cfg.fc_type = RTN_ANYCAST;
		cfg.fc_flags |= RTF_ANYCAST;
	} else {
		cfg.fc_type = RTN_LOCAL;
		cfg.fc_flags |= RTF_LOCAL;
	}

	const f6i = ip6_route_info_create(cfg, null);
	if (!IS_ERR(f6i)) f6i.dst_nocount = true;
	return f6i;
}

/**
 * Forgets an address that goes as the preferred source of routes.
 * @kernel net/ipv6/route.c:4495 (v5.10)
 */
export function rt6_remove_prefsrc(ifp: inet6_ifaddr): void {
	const { dev } = ifp.idev;
	const net = dev.nd_net;

	/* PORT: fib6_remove_prefsrc() */
	fib6_clean_all(net, (rt) => {
		if (
			rt.fib6_nh.fib_nh_dev === dev &&
			rt !== net.ipv6.fib6_null_entry &&
			ipv6_addr_equal(ifp.addr, rt.fib6_prefsrc.addr)
		)
			rt.fib6_prefsrc.plen = 0;
		return 0;
	});
}

const RTF_RA_ROUTER = RTF_ADDRCONF | RTF_DEFAULT;

/**
 * Tells whether an entry goes because its router became a host.
 * @returns -1 to delete it, 0 to keep it
 * @kernel net/ipv6/route.c:4509 (v5.10)
 */
function fib6_clean_tohost(rt: fib6_info, gateway: in6_addr): number {
	const nh = rt.fib6_nh;
	if (
		(rt.fib6_flags & RTF_RA_ROUTER) === RTF_RA_ROUTER &&
		nh.fib_nh_gw_family !== 0 &&
		ipv6_addr_equal(gateway, nh.fib_nh_gw6)
	)
		return -1;

	/* redirects may have changed the router */
	fib6_nh_exceptions_clean_tohost(nh, gateway);
	return 0;
}

/**
 * Forgets a router that became a host.
 * @kernel net/ipv6/route.c:4532 (v5.10)
 */
export function rt6_clean_tohost(net: net, gateway: in6_addr): void {
	fib6_clean_all(net, (rt) => fib6_clean_tohost(rt, gateway));
}

/**
 * First of the entries that share an entry's place.
 * @kernel net/ipv6/route.c:4545 (v5.10)
 */
function rt6_multipath_first_sibling(rt: fib6_info): fib6_info | null {
	const fn = rt.fib6_node;
	/* PORT: the C trusts that the entry is in the tree */
	if (fn === null) return null;

	for (let iter = fn.leaf; iter !== null; iter = iter.fib6_next)
		if (iter.fib6_metric === rt.fib6_metric && rt6_qualify_for_ecmp(iter)) return iter;
	return null;
}

/**
 * Tells whether an entry's next hop is out of use.
 * @kernel net/ipv6/route.c:4566 (v5.10)
 */
function rt6_is_dead(rt: fib6_info): boolean {
	const nh = rt.fib6_nh;
	return (
		(nh.fib_nh_flags & RTNH_F_DEAD) !== 0 ||
		((nh.fib_nh_flags & RTNH_F_LINKDOWN) !== 0 && ip6_ignore_linkdown(nh.fib_nh_dev!))
	);
}

/**
 * Sum of the weights of an entry and its siblings.
 * @kernel net/ipv6/route.c:4576 (v5.10)
 */
function rt6_multipath_total_weight(rt: fib6_info): number {
	let total = 0;

	if (!rt6_is_dead(rt)) total += rt.fib6_nh.fib_nh_weight;
	for (let iter = rt.fib6_siblings_next; iter !== rt; iter = iter.fib6_siblings_next)
		if (!rt6_is_dead(iter)) total += iter.fib6_nh.fib_nh_weight;
	return total;
}

/**
 * Sets up to which hash an entry is chosen.
 * @param weight of those before it
 * @returns weight with its own
 * @kernel net/ipv6/route.c:4592 (v5.10)
 */
function rt6_upper_bound_set(rt: fib6_info, weight: number, total: number): number {
	let upper_bound = -1;

	if (!rt6_is_dead(rt)) {
		weight += rt.fib6_nh.fib_nh_weight;
		upper_bound = Math.floor((weight * 0x80000000 + (total >> 1)) / total) - 1;
	}
	rt.fib6_nh.fib_nh_upper_bound = upper_bound;
	return weight;
}

/**
 * Sets up to which hash each of several entries is chosen.
 * @kernel net/ipv6/route.c:4604 (v5.10)
 */
function rt6_multipath_upper_bound_set(rt: fib6_info, total: number): void {
	let weight = rt6_upper_bound_set(rt, 0, total);
	for (let iter = rt.fib6_siblings_next; iter !== rt; iter = iter.fib6_siblings_next)
		weight = rt6_upper_bound_set(iter, weight, total);
}

/**
 * Shares the hashes out among an entry and its siblings anew.
 * @kernel net/ipv6/route.c:4615 (v5.10)
 */
export function rt6_multipath_rebalance(rt: fib6_info): void {
	if (rt.fib6_nsiblings === 0 || rt.should_flush) return;

	const first = rt6_multipath_first_sibling(rt);
	if (first === null) return;

	rt6_multipath_upper_bound_set(first, rt6_multipath_total_weight(first));
}

/**
 * Lets an entry over a device that came up be used again.
 * @returns 0
 * @kernel net/ipv6/route.c:4639 (v5.10)
 */
function fib6_ifup(rt: fib6_info, dev: net_device, nh_flags: number): number {
	const net = dev.nd_net;

	if (rt !== net.ipv6.fib6_null_entry && rt.fib6_nh.fib_nh_dev === dev) {
		rt.fib6_nh.fib_nh_flags &= ~nh_flags;
		fib6_update_sernum_upto_root(net, rt);
		rt6_multipath_rebalance(rt);
	}
	return 0;
}

/**
 * Lets routes over a device be used again.
 * @param nh_flags RTNH_F_* to clear
 * @kernel net/ipv6/route.c:4654 (v5.10)
 */
export function rt6_sync_up(dev: net_device, nh_flags: number): void {
	if ((nh_flags & RTNH_F_DEAD) !== 0 && netif_carrier_ok(dev)) nh_flags |= RTNH_F_LINKDOWN;

	fib6_clean_all(dev.nd_net, (rt) => fib6_ifup(rt, dev, nh_flags));
}

/**
 * Tells whether an entry or a sibling leaves by a device.
 * @kernel net/ipv6/route.c:4670 (v5.10)
 */
function rt6_multipath_uses_dev(rt: fib6_info, dev: net_device): boolean {
	if (rt.fib6_nh.fib_nh_dev === dev) return true;
	for (let iter = rt.fib6_siblings_next; iter !== rt; iter = iter.fib6_siblings_next)
		if (iter.fib6_nh.fib_nh_dev === dev) return true;
	return false;
}

/**
 * Marks an entry and its siblings for deletion.
 * @kernel net/ipv6/route.c:4684 (v5.10)
 */
function rt6_multipath_flush(rt: fib6_info): void {
	rt.should_flush = true;
	for (let iter = rt.fib6_siblings_next; iter !== rt; iter = iter.fib6_siblings_next)
		iter.should_flush = true;
}

/**
 * Counts the entries of a place that are out of use once a device is down.
 * @kernel net/ipv6/route.c:4693 (v5.10)
 */
function rt6_multipath_dead_count(rt: fib6_info, down_dev: net_device): number {
	let dead = 0;
	let iter = rt;

	do {
		if (
			iter.fib6_nh.fib_nh_dev === down_dev ||
			(iter.fib6_nh.fib_nh_flags & RTNH_F_DEAD) !== 0
		)
			dead++;
		iter = iter.fib6_siblings_next;
	} while (iter !== rt);
	return dead;
}

/**
 * Sets flags of the next hops of a place that leave by a device.
 * @kernel net/ipv6/route.c:4710 (v5.10)
 */
function rt6_multipath_nh_flags_set(rt: fib6_info, dev: net_device, nh_flags: number): void {
	let iter = rt;

	do {
		if (iter.fib6_nh.fib_nh_dev === dev) iter.fib6_nh.fib_nh_flags |= nh_flags;
		iter = iter.fib6_siblings_next;
	} while (iter !== rt);
}

/**
 * Does to an entry what an event of a device asks for.
 * @param event NETDEV_DOWN, NETDEV_UNREGISTER, NETDEV_CHANGE
 * @returns -1 to delete it, -2 to skip its siblings, 0 to keep it
 * @kernel net/ipv6/route.c:4724 (v5.10)
 */
function fib6_ifdown(rt: fib6_info, dev: net_device, event: number): number {
	const net = dev.nd_net;

	if (rt === net.ipv6.fib6_null_entry) return 0;

	switch (event) {
		case NETDEV_UNREGISTER:
			return rt.fib6_nh.fib_nh_dev === dev ? -1 : 0;
		case NETDEV_DOWN:
			if (rt.should_flush) return -1;
			if (rt.fib6_nsiblings === 0) return rt.fib6_nh.fib_nh_dev === dev ? -1 : 0;
			if (rt6_multipath_uses_dev(rt, dev)) {
				const count = rt6_multipath_dead_count(rt, dev);
				if (rt.fib6_nsiblings + 1 === count) {
					rt6_multipath_flush(rt);
					return -1;
				}
				rt6_multipath_nh_flags_set(rt, dev, RTNH_F_DEAD | RTNH_F_LINKDOWN);
				fib6_update_sernum(net, rt);
				rt6_multipath_rebalance(rt);
			}
			return -2;
		case NETDEV_CHANGE:
			if (
				rt.fib6_nh.fib_nh_dev !== dev ||
				(rt.fib6_flags & (RTF_LOCAL | RTF_ANYCAST)) !== 0
			)
				break;
			rt.fib6_nh.fib_nh_flags |= RTNH_F_LINKDOWN;
			rt6_multipath_rebalance(rt);
			break;
	}
	return 0;
}

/**
 * Does to routes over a device what an event asks for.
 * @param event NETDEV_DOWN, NETDEV_UNREGISTER, NETDEV_CHANGE
 * @kernel net/ipv6/route.c:4767 (v5.10)
 */
export function rt6_sync_down_dev(dev: net_device, event: number): void {
	const net = dev.nd_net;
	const f = (rt: fib6_info): number => fib6_ifdown(rt, dev, event);

	if (net.ipv6.sysctl.skip_notify_on_dev_down) fib6_clean_all_skip_notify(net, f);
	else fib6_clean_all(net, f);
}

/**
 * Takes routes and neighbours off a device.
 * @kernel net/ipv6/route.c:4783 (v5.10)
 */
export function rt6_disable_ip(dev: net_device, event: number): void {
	rt6_sync_down_dev(dev, event);
	rt6_uncached_list_flush_dev(dev.nd_net, dev);
	const { nd_tbl } = ipv6_stub.of(dev.machine);
	if (nd_tbl !== null) neigh_ifdown(nd_tbl, dev);
}

/**
 * Lets a next hop follow a change of its device's MTU.
 * @kernel net/ipv6/route.c:4796 (v5.10)
 */
function fib6_nh_mtu_change(
	nh: fib6_nh,
	f6i: fib6_info,
	dev: net_device,
	idev: inet6_dev,
	new_mtu: number,
): void {
	/* a larger MTU of the device cannot be discovered, so it counts at once */
	if (nh.fib_nh_dev !== dev) return;
	const mtu = f6i.fib6_metrics[RTAX_MTU - 1];
	if (mtu >= new_mtu || (mtu < new_mtu && mtu === idev.cnf.mtu6))
		fib6_metric_set(f6i, RTAX_MTU, new_mtu);

	rt6_exceptions_update_pmtu(idev, nh, new_mtu);
}

/**
 * Lets routes follow a change of a device's MTU.
 * @kernel net/ipv6/route.c:4850 (v5.10)
 */
export function rt6_mtu_change(dev: net_device, mtu: number): void {
	/* PORT: rt6_mtu_change_route() */
	const idev = __in6_dev_get(dev);
	if (idev === null) return;
	fib6_clean_all(dev.nd_net, (f6i) => {
		if (!fib6_metric_locked(f6i, RTAX_MTU))
			fib6_nh_mtu_change(f6i.fib6_nh, f6i, dev, idev, mtu);
		return 0;
	});
}

/**
 * Copies the first bits of an address attribute.
 * @returns false when the attribute is too short
 * @kernel PORT: nla_memcpy() with a check, in rtm_to_fib6_config()
 */
function copy_prefix(to: in6_addr, tb: nlattrs, attrtype: number, bits: number): boolean {
	if (!tb.has(attrtype)) return true;
	const from = nla_data(tb, attrtype);
	const plen = (bits + 7) >> 3;
	if (from === null || from.length < plen) return false;
	for (let i = 0; i < plen && i < 16; i++) to[i] = from[i]!;
	return true;
}

/**
 * Copies an address attribute.
 * @returns false when it is no IPv6 address
 * @kernel PORT: nla_get_in6_addr() with what the policy checks
 */
function copy_addr(to: in6_addr, tb: nlattrs, attrtype: number): boolean {
	const from = nla_data(tb, attrtype);
	if (from === null || from.length < 16) return false;
	ipv6_addr_copy(to, from);
	return true;
}

/**
 * Reads a request about a route.
 * @param cfg takes what it says
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/route.c:4882 (v5.10)
 */
function rtm_to_fib6_config(
	net: net,
	rtm: rtmsg_msg,
	cfg: fib6_config,
	extack: netlink_ext_ack | null,
): number {
	const { tb } = rtm;

	cfg.fc_table = rtm.rtm_table;
	cfg.fc_dst_len = rtm.rtm_dst_len;
	cfg.fc_src_len = rtm.rtm_src_len;
	cfg.fc_flags = RTF_UP;
	cfg.fc_protocol = rtm.rtm_protocol;
	cfg.fc_type = rtm.rtm_type;
	cfg.fc_nlinfo.nlh = rtm;
	cfg.fc_nlinfo.nl_net = net;

	if (
		rtm.rtm_type === RTN_UNREACHABLE ||
		rtm.rtm_type === RTN_BLACKHOLE ||
		rtm.rtm_type === RTN_PROHIBIT ||
		rtm.rtm_type === RTN_THROW
	)
		cfg.fc_flags |= RTF_REJECT;

	if (rtm.rtm_type === RTN_LOCAL) cfg.fc_flags |= RTF_LOCAL;

	if ((rtm.rtm_flags & RTM_F_CLONED) !== 0) cfg.fc_flags |= RTF_CACHE;

	cfg.fc_flags |= rtm.rtm_flags & RTNH_F_ONLINK;

	if (tb.has(RTA_GATEWAY)) {
		if (!copy_addr(cfg.fc_gateway, tb, RTA_GATEWAY)) return -EINVAL;
		cfg.fc_flags |= RTF_GATEWAY;
	}
	if (tb.has(RTA_VIA)) {
		NL_SET_ERR_MSG(extack, 'IPv6 does not support RTA_VIA attribute');
		return -EINVAL;
	}

	if (!copy_prefix(cfg.fc_dst, tb, RTA_DST, rtm.rtm_dst_len)) return -EINVAL;
	if (!copy_prefix(cfg.fc_src, tb, RTA_SRC, rtm.rtm_src_len)) return -EINVAL;

	if (tb.has(RTA_PREFSRC) && !copy_addr(cfg.fc_prefsrc, tb, RTA_PREFSRC)) return -EINVAL;

	cfg.fc_ifindex = nla_get_u32(tb, RTA_OIF) ?? 0;
	cfg.fc_metric = nla_get_u32(tb, RTA_PRIORITY) ?? 0;
	cfg.fc_mx = nla_parse_nested(tb, RTA_METRICS);
	cfg.fc_table = nla_get_u32(tb, RTA_TABLE) ?? cfg.fc_table;
	cfg.fc_mp = nla_nested_list(tb, RTA_MULTIPATH);

	let pref = nla_get_u8(tb, RTA_PREF);
	if (pref !== null) {
		if (pref !== ICMPV6_ROUTER_PREF_LOW && pref !== ICMPV6_ROUTER_PREF_HIGH)
			pref = ICMPV6_ROUTER_PREF_MEDIUM;
		cfg.fc_flags |= RTF_PREF(pref);
	}

	const expires = nla_get_u32(tb, RTA_EXPIRES);
	if (expires !== null) {
		const timeout = addrconf_timeout_fixup(expires);
		if (addrconf_finite_timeout(timeout)) {
			cfg.fc_expires = jiffies_to_clock_t(timeout * HZ);
			cfg.fc_flags |= RTF_EXPIRES;
		}
	}
	return 0;
}

/** One next hop of a request that names several. */
class rt6_nh {
	/** null once it is in the tree or given up. */
	fib6_info: fib6_info | null;
	readonly r_cfg: fib6_config;

	constructor(rt: fib6_info, r_cfg: fib6_config) {
		this.fib6_info = rt;
		this.r_cfg = r_cfg;
	}
}

/**
 * Copies a request and puts one of its next hops in.
 * @kernel PORT: memcpy(&r_cfg, cfg, sizeof(*cfg)) and what follows it in ip6_route_multipath_add()
 */
function fib6_config_nexthop(cfg: fib6_config, rtnh: nlattrs): fib6_config {
	const r = new fib6_config();
	r.fc_table = cfg.fc_table;
	r.fc_metric = cfg.fc_metric;
	r.fc_dst_len = cfg.fc_dst_len;
	r.fc_src_len = cfg.fc_src_len;
	r.fc_ifindex = cfg.fc_ifindex;
	r.fc_flags = cfg.fc_flags;
	r.fc_protocol = cfg.fc_protocol;
	r.fc_type = cfg.fc_type;
	r.fc_delete_all_nh = cfg.fc_delete_all_nh;
	r.fc_ignore_dev_down = cfg.fc_ignore_dev_down;
	ipv6_addr_copy(r.fc_dst, cfg.fc_dst);
	ipv6_addr_copy(r.fc_src, cfg.fc_src);
	ipv6_addr_copy(r.fc_prefsrc, cfg.fc_prefsrc);
	ipv6_addr_copy(r.fc_gateway, cfg.fc_gateway);
	r.fc_expires = cfg.fc_expires;
	r.fc_mx = cfg.fc_mx;
	r.fc_mp = cfg.fc_mp;
	r.fc_nlinfo.nlh = cfg.fc_nlinfo.nlh;
	r.fc_nlinfo.nl_net = cfg.fc_nlinfo.nl_net;
	r.fc_nlinfo.portid = cfg.fc_nlinfo.portid;
	r.fc_nlinfo.skip_notify = cfg.fc_nlinfo.skip_notify;
	r.fc_nlinfo.skip_notify_kernel = cfg.fc_nlinfo.skip_notify_kernel;

	const ifindex = nla_get_u32(rtnh, RTNH_IFINDEX) ?? 0;
	if (ifindex !== 0) r.fc_ifindex = ifindex;
	if (copy_addr(r.fc_gateway, rtnh, RTA_GATEWAY)) r.fc_flags |= RTF_GATEWAY;
	return r;
}

/**
 * Adds a next hop to the list of a request.
 * @returns 0, or -EEXIST when it is in it already
 * @kernel net/ipv6/route.c:5029 (v5.10)
 */
function ip6_route_info_append(rt6_nh_list: rt6_nh[], rt: fib6_info, r_cfg: fib6_config): number {
	for (const nh of rt6_nh_list)
		if (nh.fib6_info !== null && rt6_duplicate_nexthop(nh.fib6_info, rt))
			return -EEXIST;

	rt6_nh_list.push(new rt6_nh(rt, r_cfg));
	return 0;
}

/**
 * Tells of a route with several next hops.
 * @kernel net/ipv6/route.c:5053 (v5.10)
 */
function ip6_route_mpath_notify(
	rt: fib6_info | null,
	rt_last: fib6_info | null,
	info: nl_info6,
	nlflags: number,
): void {
	/* an appended hop is told of from the first one on */
	if ((nlflags & NLM_F_APPEND) !== 0 && rt_last !== null && rt_last.fib6_nsiblings !== 0)
		rt = rt_last.fib6_siblings_next;

	if (rt !== null) inet6_rt_notify(RTM_NEWROUTE, rt, info, nlflags);
}

/**
 * Adds a route with several next hops.
 * @returns 0 or a negative errno; what was added before an error is deleted again
 * @kernel net/ipv6/route.c:5100 (v5.10)
 */
function ip6_route_multipath_add(cfg: fib6_config, extack: netlink_ext_ack | null): number {
	const info = cfg.fc_nlinfo;
	const nlh = info.nlh!;
	const replace = (nlh.flags & NLM_F_REPLACE) !== 0;
	const rt6_nh_list: rt6_nh[] = [];
	let rt_notif: fib6_info | null = null;
	let rt_last: fib6_info | null = null;
	let nhn = 0;
	let err = 1;

	let nlflags = replace ? NLM_F_REPLACE : NLM_F_CREATE;
	if ((nlh.flags & NLM_F_APPEND) !== 0) nlflags |= NLM_F_APPEND;

	cleanup: {
		for (const rtnh of cfg.fc_mp!) {
			const r_cfg = fib6_config_nexthop(cfg, rtnh);
			r_cfg.fc_flags |= (nla_get_u32(rtnh, RTNH_FLAGS) ?? 0) & RTNH_F_ONLINK;
			const rt = ip6_route_info_create(r_cfg, extack);
			if (IS_ERR(rt)) {
				err = rt;
				break cleanup;
			}
			if (!rt6_qualify_for_ecmp(rt)) {
				err = -EINVAL;
				NL_SET_ERR_MSG(
					extack,
					'Device only routes can not be added for IPv6 using the multipath API.',
				);
				fib6_info_release(rt);
				break cleanup;
			}

			rt.fib6_nh.fib_nh_weight = (nla_get_u32(rtnh, RTNH_HOPS) ?? 0) + 1;

			err = ip6_route_info_append(rt6_nh_list, rt, r_cfg);
			if (err !== 0) {
				fib6_info_release(rt);
				break cleanup;
			}
		}

		if (rt6_nh_list.length === 0) {
			NL_SET_ERR_MSG(extack, 'Invalid nexthop configuration - no valid nexthops');
			return -EINVAL;
		}

		info.skip_notify = true;
		info.skip_notify_kernel = true;

		let err_nh: rt6_nh | null = null;
		for (const nh of rt6_nh_list) {
			const rt = nh.fib6_info!;
			err = __ip6_ins_rt(rt, info, extack);
			fib6_info_release(rt);

			if (err === 0) {
				rt_last = rt;
				if (rt_notif === null) rt_notif = rt;
			}

			nh.fib6_info = null;
			if (err !== 0) {
				if (replace && nhn !== 0)
					NL_SET_ERR_MSG(
						extack,
						'multipath route replace failed (check consistency of installed routes)',
					);
				err_nh = nh;
				break;
			}

			/* the hops that follow are added to the first, whatever the request said */
			nlh.flags &= ~(NLM_F_EXCL | NLM_F_REPLACE);
			nlh.flags |= NLM_F_CREATE;
			nhn++;
		}

		if (err_nh === null) {
			ip6_route_mpath_notify(rt_notif, rt_last, info, nlflags);
			break cleanup;
		}

		/* so that the deletions that follow make sense to listeners */
		if (rt_notif !== null) ip6_route_mpath_notify(rt_notif, rt_last, info, nlflags);

		for (const nh of rt6_nh_list) {
			if (nh === err_nh) break;
			ip6_route_del(nh.r_cfg, extack);
		}
	}

	for (const nh of rt6_nh_list) if (nh.fib6_info !== null) fib6_info_release(nh.fib6_info);
	return err;
}

/**
 * Deletes next hops of a route.
 * @returns 0 or the last negative errno
 * @kernel net/ipv6/route.c:5283 (v5.10)
 */
function ip6_route_multipath_del(cfg: fib6_config, extack: netlink_ext_ack | null): number {
	let last_err = 0;

	for (const rtnh of cfg.fc_mp!) {
		const err = ip6_route_del(fib6_config_nexthop(cfg, rtnh), extack);
		if (err !== 0) last_err = err;
	}
	return last_err;
}

/**
 * Deletes a route (RTM_DELROUTE).
 * @returns 0 or a negative errno
 * @kernel net/ipv6/route.c:5322 (v5.10)
 */
function inet6_rtm_delroute(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	if (!(nlh instanceof rtmsg_msg)) return -EINVAL;
	const cfg = new fib6_config();
	const err = rtm_to_fib6_config(net, nlh, cfg, extack);
	if (err < 0) return err;

	if (cfg.fc_mp !== null) return ip6_route_multipath_del(cfg, extack);
	cfg.fc_delete_all_nh = true;
	return ip6_route_del(cfg, extack);
}

/**
 * Adds a route (RTM_NEWROUTE).
 * @returns 0 or a negative errno
 * @kernel net/ipv6/route.c:5346 (v5.10)
 */
function inet6_rtm_newroute(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	if (!(nlh instanceof rtmsg_msg)) return -EINVAL;
	const cfg = new fib6_config();
	const err = rtm_to_fib6_config(net, nlh, cfg, extack);
	if (err < 0) return err;

	if (cfg.fc_metric === 0) cfg.fc_metric = IP6_RT_PRIO_USER;

	if (cfg.fc_mp !== null) return ip6_route_multipath_add(cfg, extack);
	return ip6_route_add(cfg, extack);
}

/**
 * Adds gateway and device of a next hop to a message.
 * @param skip_oif the device stands elsewhere
 * @returns RTNH_F_* to show
 * @kernel PORT: net/ipv4/fib_semantics.c fib_nexthop_info, for next hops of this family
 */
function fib6_nexthop_info(tb: nlattrs, nh: fib6_nh, skip_oif: boolean): number {
	let flags = nh.fib_nh_flags & (RTNH_F_DEAD | RTNH_F_ONLINK);

	if ((nh.fib_nh_flags & RTNH_F_LINKDOWN) !== 0) {
		flags |= RTNH_F_LINKDOWN;
		if (nh.fib_nh_dev !== null && ip6_ignore_linkdown(nh.fib_nh_dev))
			flags |= RTNH_F_DEAD;
	}

	if (nh.fib_nh_gw_family !== 0) nla_put(tb, RTA_GATEWAY, nh.fib_nh_gw6.slice());

	if (!skip_oif && nh.fib_nh_dev !== null) nla_put_u32(tb, RTA_OIF, nh.fib_nh_dev.ifindex);
	return flags;
}

/**
 * Makes an entry of RTA_MULTIPATH.
 * @kernel PORT: net/ipv4/fib_semantics.c fib_add_nexthop, for next hops of this family
 */
function fib6_add_nexthop(nh: fib6_nh): nlattrs {
	const rtnh: nlattrs = new Map();
	rtnh.set(RTNH_HOPS, nh.fib_nh_weight - 1);
	rtnh.set(RTNH_IFINDEX, nh.fib_nh_dev !== null ? nh.fib_nh_dev.ifindex : 0);
	rtnh.set(RTNH_FLAGS, fib6_nexthop_info(rtnh, nh, true));
	return rtnh;
}

/**
 * Makes a message about an entry or a destination made from it.
 * @param dst the destination, or null
 * @param dest address that was asked for, or null
 * @param iif device that was asked for, 0 for none
 * @param type RTM_*
 * @param flags NLM_F_*
 * @kernel net/ipv6/route.c:5452 (v5.10)
 */
function rt6_fill_node(
	net: net,
	rt: fib6_info,
	dst: dst_entry | null,
	dest: in6_addr | null,
	_src: in6_addr | null,
	iif: number,
	type: number,
	flags: number,
): rtmsg_msg {
	const rt6 = dst as rt6_info | null;
	const rtm = new rtmsg_msg(type, flags);
	const { tb } = rtm;
	const rt6_dst = rt6 !== null ? rt6.rt6i_dst : rt.fib6_dst;
	const rt6_src = rt6 !== null ? rt6.rt6i_src : rt.fib6_src;
	const rt6_flags = rt6 !== null ? rt6.rt6i_flags : rt.fib6_flags;

	rtm.rtm_family = AF_INET6;
	rtm.rtm_dst_len = rt6_dst.plen;
	rtm.rtm_src_len = rt6_src.plen;
	rtm.rtm_tos = 0;
	const table = rt.fib6_table !== null ? rt.fib6_table.tb6_id : RT6_TABLE_UNSPEC;
	rtm.rtm_table = table < 256 ? table : RT_TABLE_COMPAT;
	nla_put_u32(tb, RTA_TABLE, table);

	rtm.rtm_type = rt.fib6_type;
	rtm.rtm_flags = 0;
	rtm.rtm_scope = RT_SCOPE_UNIVERSE;
	rtm.rtm_protocol = rt.fib6_protocol;

	if ((rt6_flags & RTF_CACHE) !== 0) rtm.rtm_flags |= RTM_F_CLONED;

	if (dest !== null) {
		nla_put(tb, RTA_DST, dest.slice());
		rtm.rtm_dst_len = 128;
	} else if (rtm.rtm_dst_len !== 0) {
		nla_put(tb, RTA_DST, rt6_dst.addr.slice());
	}
	if (iif !== 0) {
		nla_put_u32(tb, RTA_IIF, iif);
	} else if (dest !== null) {
		const saddr_buf = new Uint8Array(16);
		if (ip6_route_get_saddr(net, rt, dest, 0, saddr_buf) === 0)
			nla_put(tb, RTA_PREFSRC, saddr_buf);
	}

	if (rt.fib6_prefsrc.plen !== 0) nla_put(tb, RTA_PREFSRC, rt.fib6_prefsrc.addr.slice());

	rtnetlink_put_metrics(tb, dst !== null ? dst._metrics : rt.fib6_metrics);

	nla_put_u32(tb, RTA_PRIORITY, rt.fib6_metric);

	if (rt6 !== null) {
		if ((rt6_flags & RTF_GATEWAY) !== 0)
			nla_put(tb, RTA_GATEWAY, rt6.rt6i_gateway.slice());
		if (rt6.dev !== null) nla_put_u32(tb, RTA_OIF, rt6.dev.ifindex);
	} else if (rt.fib6_nsiblings !== 0) {
		const mp = nla_list_start(tb, RTA_MULTIPATH);
		mp.push(fib6_add_nexthop(rt.fib6_nh));
		for (let s = rt.fib6_siblings_next; s !== rt; s = s.fib6_siblings_next)
			mp.push(fib6_add_nexthop(s.fib6_nh));
	} else {
		rtm.rtm_flags |= fib6_nexthop_info(tb, rt.fib6_nh, false);
	}

	let expires = 0;
	if ((rt6_flags & RTF_EXPIRES) !== 0) {
		expires = dst !== null ? dst.expires : rt.expires;
		expires -= net.machine.jiffies;
	}

	rtnl_put_cacheinfo(tb, net.machine, dst, 0, expires, dst !== null ? dst.error : 0);

	nla_put_u8(tb, RTA_PREF, IPV6_EXTRACT_PREF(rt6_flags));
	return rtm;
}

/**
 * Tells whether an entry or a sibling leaves by a device.
 * @kernel net/ipv6/route.c:5639 (v5.10)
 */
function fib6_info_uses_dev(f6i: fib6_info, dev: net_device): boolean {
	return rt6_multipath_uses_dev(f6i, dev);
}

/**
 * Dumps the exceptions of a next hop.
 * @kernel net/ipv6/route.c:5674 (v5.10)
 */
function rt6_nh_dump_exceptions(
	nh: fib6_nh,
	rt: fib6_info,
	arg: rt6_rtnl_dump_arg,
	flags: number,
): void {
	const buckets = nh.rt6i_exception_bucket;
	if (buckets === null) return;

	for (const bucket of buckets)
		for (let e = bucket.chain; e !== null; e = e.next) {
			if (rt6_check_expired(e.rt6i)) continue;
			arg.out.push(
				rt6_fill_node(
					arg.net,
					rt,
					e.rt6i,
					null,
					null,
					0,
					RTM_NEWROUTE,
					flags,
				),
			);
		}
}

/**
 * Dumps an entry, its exceptions, or both.
 * @kernel net/ipv6/route.c:5726 (v5.10)
 */
export function rt6_dump_route(rt: fib6_info, arg: rt6_rtnl_dump_arg): void {
	const { filter, net } = arg;
	let flags = NLM_F_MULTI;

	if (rt === net.ipv6.fib6_null_entry) return;

	if ((filter.flags & RTM_F_PREFIX) !== 0 && (rt.fib6_flags & RTF_PREFIX_RT) === 0) return;
	if (
		filter.filter_set &&
		((filter.rt_type !== 0 && rt.fib6_type !== filter.rt_type) ||
			(filter.dev !== null && !fib6_info_uses_dev(rt, filter.dev)) ||
			(filter.protocol !== 0 && rt.fib6_protocol !== filter.protocol))
	)
		return;

	if (filter.filter_set || !filter.dump_routes || !filter.dump_exceptions)
		flags |= NLM_F_DUMP_FILTERED;

	if (filter.dump_routes)
		arg.out.push(rt6_fill_node(net, rt, null, null, null, 0, RTM_NEWROUTE, flags));

	if (filter.dump_exceptions) rt6_nh_dump_exceptions(rt.fib6_nh, rt, arg, flags);
}

/**
 * Tells which route an address takes (RTM_GETROUTE).
 * @returns 0 or a negative errno
 * @kernel net/ipv6/route.c:5860 (v5.10)
 */
function inet6_rtm_getroute(
	net: net,
	nlh: nlmsg,
	extack: netlink_ext_ack | null,
	reply: nlmsg[],
): number {
	if (!(nlh instanceof rtmsg_msg)) return -EINVAL;
	const { tb } = nlh;
	const fl6 = new flowi6();
	const fibmatch = (nlh.rtm_flags & RTM_F_FIB_MATCH) !== 0;
	let dst: dst_entry;

	fl6.flowlabel = ip6_make_flowinfo(nlh.rtm_tos, 0);

	if (tb.has(RTA_SRC) && !copy_addr(fl6.saddr, tb, RTA_SRC)) return -EINVAL;
	if (tb.has(RTA_DST) && !copy_addr(fl6.daddr, tb, RTA_DST)) return -EINVAL;

	const iif = nla_get_u32(tb, RTA_IIF) ?? 0;
	const oif = nla_get_u32(tb, RTA_OIF) ?? 0;
	fl6.flowi6_mark = nla_get_u32(tb, RTA_MARK) ?? 0;
	fl6.fl6_sport = htons(nla_get_u16(tb, RTA_SPORT) ?? 0);
	fl6.fl6_dport = htons(nla_get_u16(tb, RTA_DPORT) ?? 0);

	const ip_proto = nla_get_u8(tb, RTA_IP_PROTO);
	if (ip_proto !== null) {
		/* PORT: rtm_getroute_parse_ip_proto() */
		if (ip_proto !== 6 && ip_proto !== 17 && ip_proto !== IPPROTO_ICMPV6) {
			NL_SET_ERR_MSG(extack, 'Unsupported ip proto');
			return -EOPNOTSUPP;
		}
		fl6.flowi6_proto = ip_proto;
	}

	if (iif !== 0) {
		let flags = 0;

		const dev = dev_get_by_index_rcu(net, iif);
		if (dev === null) return -ENODEV;

		fl6.flowi6_iif = iif;

		if (!ipv6_addr_any(fl6.saddr)) flags |= RT6_LOOKUP_F_HAS_SADDR;

		dst = ip6_route_input_lookup(net, dev, fl6, null, flags);
	} else {
		fl6.flowi6_oif = oif;
		dst = ip6_route_output(net, null, fl6);
	}

	const rt = dst as rt6_info;
	if (rt.error !== 0 || rt === net.ipv6.ip6_null_entry) {
		const err = rt.error;
		ip6_rt_put(rt);
		return err;
	}

	const { from } = rt;
	let err = 0;
	if (from !== null) {
		reply.push(
			fibmatch
				? rt6_fill_node(net, from, null, null, null, iif, RTM_NEWROUTE, 0)
				: rt6_fill_node(
						net,
						from,
						dst,
						fl6.daddr,
						fl6.saddr,
						iif,
						RTM_NEWROUTE,
						0,
					),
		);
	} else {
		err = -ENETUNREACH;
	}
	ip6_rt_put(rt);
	return err;
}

/**
 * Tells listeners of a route.
 * @param event RTM_NEWROUTE or RTM_DELROUTE
 * @param nlm_flags NLM_F_*
 * @kernel net/ipv6/route.c:6004 (v5.10)
 */
export function inet6_rt_notify(
	event: number,
	rt: fib6_info,
	info: nl_info6,
	nlm_flags: number,
): void {
	const net = info.nl_net!;
	if (!rtnl_has_listeners(net, RTNLGRP_IPV6_ROUTE)) return;
	rtnl_notify(
		net,
		RTNLGRP_IPV6_ROUTE,
		rt6_fill_node(net, rt, null, null, null, 0, event, nlm_flags),
	);
}

/**
 * Ties a namespace's three special destinations to its loopback device.
 * @kernel PORT: shared by ip6_route_dev_notify() and ip6_route_init_special_entries()
 */
function special_entries_set_dev(net: net, dev: net_device): void {
	net.ipv6.fib6_null_entry!.fib6_nh.fib_nh_dev = dev;
	for (const rt of [
		net.ipv6.ip6_null_entry!,
		net.ipv6.ip6_prohibit_entry!,
		net.ipv6.ip6_blk_hole_entry!,
	]) {
		rt.dev = dev;
		if (rt.rt6i_idev === null) rt.rt6i_idev = in6_dev_get(dev);
	}
}

/**
 * The loopback device comes or goes: so do the devices of the special destinations.
 * @returns NOTIFY_OK
 * @kernel net/ipv6/route.c:6067 (v5.10)
 */
function ip6_route_dev_notify(event: number, ptr: netdev_notifier_info): number {
	const dev = netdev_notifier_info_to_dev(ptr);
	const net = dev.nd_net;

	if ((dev.flags & IFF_LOOPBACK) === 0) return NOTIFY_OK;

	if (event === NETDEV_REGISTER) {
		special_entries_set_dev(net, dev);
	} else if (event === NETDEV_UNREGISTER && dev.reg_state !== NETREG_UNREGISTERED) {
		for (const rt of [
			net.ipv6.ip6_null_entry!,
			net.ipv6.ip6_prohibit_entry!,
			net.ipv6.ip6_blk_hole_entry!,
		]) {
			if (rt.rt6i_idev !== null) in6_dev_put(rt.rt6i_idev);
			rt.rt6i_idev = null;
		}
	}
	return NOTIFY_OK;
}

/**
 * Entries of net/ipv6/route.
 * @kernel net/ipv6/route.c:6226 (v5.10)
 */
export function ipv6_route_sysctl_init(net: net): ctl_table[] {
	const s = net.ipv6.sysctl;
	const ops = net.ipv6.ip6_dst_ops!;
	return [
		{
			procname: 'flush',
			mode: 0o200,
			show: () => '',
			store: (text) => {
				/* PORT: ipv6_sysctl_rtcache_flush(), which runs with the delay of the write before */
				const delay = s.flush_delay;
				const v = proc_get_long(text);
				if (v === null) return -EINVAL;
				s.flush_delay = v;
				fib6_run_gc(delay <= 0 ? 0 : delay, net, delay > 0);
				return 0;
			},
		},
		proc_dointvec(
			'gc_thresh',
			() => ops.gc_thresh,
			(v) => (ops.gc_thresh = v),
		),
		proc_dointvec(
			'max_size',
			() => s.ip6_rt_max_size,
			(v) => (s.ip6_rt_max_size = v),
		),
		proc_dointvec_jiffies(
			'gc_min_interval',
			() => s.ip6_rt_gc_min_interval,
			(v) => (s.ip6_rt_gc_min_interval = v),
			HZ,
		),
		proc_dointvec_jiffies(
			'gc_timeout',
			() => s.ip6_rt_gc_timeout,
			(v) => (s.ip6_rt_gc_timeout = v),
			HZ,
		),
		proc_dointvec_jiffies(
			'gc_interval',
			() => s.ip6_rt_gc_interval,
			(v) => (s.ip6_rt_gc_interval = v),
			HZ,
		),
		proc_dointvec(
			'gc_elasticity',
			() => s.ip6_rt_gc_elasticity,
			(v) => (s.ip6_rt_gc_elasticity = v),
		),
		proc_dointvec_jiffies(
			'mtu_expires',
			() => s.ip6_rt_mtu_expires,
			(v) => (s.ip6_rt_mtu_expires = v),
			HZ,
		),
		proc_dointvec(
			'min_adv_mss',
			() => s.ip6_rt_min_advmss,
			(v) => (s.ip6_rt_min_advmss = v),
		),
		proc_dointvec(
			'gc_min_interval_ms',
			() => jiffies_to_msecs(s.ip6_rt_gc_min_interval),
			(v) => (s.ip6_rt_gc_min_interval = msecs_to_jiffies(v)),
		),
		proc_dointvec(
			'skip_notify_on_dev_down',
			() => Number(s.skip_notify_on_dev_down),
			(v) => (s.skip_notify_on_dev_down = v !== 0),
			0,
			1,
		),
	];
}

/**
 * Makes a namespace's special entries and settings.
 * @returns 0
 * @kernel net/ipv6/route.c:6257 (v5.10)
 */
function ip6_route_net_init(net: net): number {
	const ops = ip6_dst_ops_template();
	net.ipv6.ip6_dst_ops = ops;

	const null_entry = fib6_info_alloc();
	null_entry.fib6_flags = RTF_REJECT | RTF_NONEXTHOP;
	null_entry.fib6_protocol = RTPROT_KERNEL;
	null_entry.fib6_metric = 0xffffffff;
	null_entry.fib6_type = RTN_UNREACHABLE;
	net.ipv6.fib6_null_entry = null_entry;

	net.ipv6.ip6_null_entry = ip6_special_entry(
		ops,
		-ENETUNREACH,
		ip6_pkt_discard,
		ip6_pkt_discard_out,
	);
	net.ipv6.fib6_has_custom_rules = false;
	net.ipv6.ip6_prohibit_entry = ip6_special_entry(
		ops,
		-EACCES,
		ip6_pkt_prohibit,
		ip6_pkt_prohibit_out,
	);
	net.ipv6.ip6_blk_hole_entry = ip6_special_entry(ops, -EINVAL, dst_discard, dst_discard_out);

	const { sysctl } = net.ipv6;
	sysctl.flush_delay = 0;
	sysctl.ip6_rt_max_size = 4096;
	sysctl.ip6_rt_gc_min_interval = HZ / 2;
	sysctl.ip6_rt_gc_timeout = 60 * HZ;
	sysctl.ip6_rt_gc_interval = 30 * HZ;
	sysctl.ip6_rt_gc_elasticity = 9;
	sysctl.ip6_rt_mtu_expires = 10 * 60 * HZ;
	sysctl.ip6_rt_min_advmss = IPV6_MIN_MTU - 20 - 40;
	sysctl.skip_notify_on_dev_down = false;

	net.ipv6.ip6_rt_gc_expire = 30 * HZ;
	return 0;
}

/**
 * Makes a namespace's memory of hosts.
 * @returns 0
 * @kernel net/ipv6/route.c:6374 (v5.10)
 */
function ipv6_inetpeer_init(net: net): number {
	const bp = new inet_peer_base();
	inet_peer_base_init(bp);
	net.ipv6.peers = bp;
	return 0;
}

/**
 * Ends a namespace's memory of hosts.
 * @kernel net/ipv6/route.c:6385 (v5.10)
 */
function ipv6_inetpeer_exit(net: net): void {
	const bp = net.ipv6.peers;
	net.ipv6.peers = null;
	if (bp !== null) inetpeer_invalidate_tree(net.machine, bp);
}

const ip6_route_net_ops: pernet_operations = {
	init: ip6_route_net_init,
};

const ipv6_inetpeer_ops: pernet_operations = {
	init: ipv6_inetpeer_init,
	exit: ipv6_inetpeer_exit,
};

const ip6_route_dev_notifier = {
	notifier_call: ip6_route_dev_notify,
	priority: ADDRCONF_NOTIFY_PRIORITY - 10,
};

/**
 * Ties the special destinations of namespaces whose loopback device was there first to it.
 * @kernel net/ipv6/route.c:6409 (v5.10)
 */
export function ip6_route_init_special_entries(m: Machine): void {
	for (const net of m.net_namespace_list)
		if (net.loopback_dev !== null) special_entries_set_dev(net, net.loopback_dev);
}

/**
 * Sets routing up.
 * PORT: xfrm6_init() is called by who starts IPsec.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/route.c:6462 (v5.10)
 */
export function ip6_route_init(m: Machine): number {
	const stub = ipv6_stub.of(m);
	stub.fib6_nh_init = fib6_nh_init;
	stub.fib6_nh_release = fib6_nh_release;
	stub.rt6_flush_exceptions = rt6_flush_exceptions;
	stub.rt6_age_exceptions = rt6_age_exceptions;
	stub.rt6_multipath_rebalance = rt6_multipath_rebalance;
	stub.rt6_dump_route = rt6_dump_route;
	stub.inet6_rt_notify = inet6_rt_notify;

	let ret = register_pernet_subsys(m, ipv6_inetpeer_ops);
	if (ret !== 0) return ret;

	ret = register_pernet_subsys(m, ip6_route_net_ops);
	if (ret !== 0) return ret;

	ret = fib6_init(m);
	if (ret !== 0) return ret;

	ret = fib6_rules_init(m);
	if (ret !== 0) return ret;

	rtnl_register(m, PF_INET6, RTM_NEWROUTE, inet6_rtm_newroute, null);
	rtnl_register(m, PF_INET6, RTM_DELROUTE, inet6_rtm_delroute, null);
	rtnl_register(m, PF_INET6, RTM_GETROUTE, inet6_rtm_getroute, null);

	return register_netdevice_notifier(m, ip6_route_dev_notifier);
}
