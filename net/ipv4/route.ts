// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/route.c with the inlines of include/net/route.h, base v5.10: which way IPv4 packets go: destinations
 * cached at next hops, what is learnt about single destinations (path MTU, redirects), `ip route get`.
 *
 * PORT: one output route is cached per next hop. Keys and answers of lookups on the packet path are scratch
 * objects of the machine, one set for each function that may be at work while another is. IP ids are in
 * net/ipv4/ip_output.ts. A hash for multipath is jhash with a seed of the machine in place of siphash.
 * Routes of a device that goes move to the first namespace's loopback device instead of blackhole_netdev.
 * Not ported: statistics and /proc/net/rt_cache, realms, multicast routing, lightweight tunnels,
 * ip_route_output_tunnel, encapsulated headers in the multipath hash (no tunnel device here).
 */
import {
	get_unaligned_be16,
	get_unaligned_be32,
	htonl,
	htons,
	ntohl,
	ntohs,
	put_unaligned_be16,
	put_unaligned_be32,
} from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import {
	ipv4_is_lbcast,
	ipv4_is_local_multicast,
	ipv4_is_loopback,
	ipv4_is_multicast,
	ipv4_is_zeronet,
	proto_ports_offset,
} from '../../include/linux/in.ts';
import {
	__in_dev_get_rcu,
	IN_DEV_BFORWARD,
	IN_DEV_CONF_GET,
	IN_DEV_FORWARD,
	IN_DEV_LOG_MARTIANS,
	IN_DEV_NET_ROUTE_LOCALNET,
	IN_DEV_PROXY_ARP_PVLAN,
	IN_DEV_ROUTE_LOCALNET,
	IN_DEV_RX_REDIRECTS,
	IN_DEV_SEC_REDIRECTS,
	IN_DEV_SHARED_MEDIA,
	IN_DEV_TX_REDIRECTS,
	type in_device,
	IPV4_DEVCONF_ALL,
} from '../../include/linux/inetdevice.ts';
import { ip_daddr, ip_saddr } from '../../include/linux/ip.ts';
import { jhash_1word, jhash_2words, jhash_3words } from '../../include/linux/jhash.ts';
import {
	HZ,
	type Machine,
	machine_var,
	time_after,
	time_after_eq,
	time_before,
} from '../../include/linux/machine.ts';
import {
	dev_hold,
	dev_net,
	dev_put,
	type net_device,
	netif_is_bridge_port,
	netif_is_l3_master,
	netif_is_l3_slave,
} from '../../include/linux/netdevice.ts';
import { type netlink_ext_ack, NL_SET_ERR_MSG } from '../../include/linux/netlink.ts';
import {
	skb_reset_mac_header,
	skb_reset_network_header,
	skb_set_transport_header,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import { AF_INET, AF_INET6, PF_INET } from '../../include/linux/socket.ts';
import {
	type ctl_table,
	proc_dointvec,
	proc_dointvec_jiffies,
	register_net_sysctl,
	unregister_net_sysctl_table,
} from '../../include/linux/sysctl.ts';
import type { __be16, __be32, u32, u8 } from '../../include/linux/types.ts';
import { ip4_string } from '../../include/linux/vsprintf.ts';
import {
	__ipv4_confirm_neigh,
	__ipv4_neigh_lookup,
	__ipv4_neigh_lookup_noref,
	arp_tbl,
} from '../../include/net/arp.ts';
import {
	dst_check,
	type dst_entry,
	dst_hold,
	dst_metric_raw,
	DST_NOPOLICY,
	DST_NOXFRM,
	DST_OBSOLETE_DEAD,
	DST_OBSOLETE_FORCE_CHK,
	DST_OBSOLETE_KILL,
	type dst_ops,
	dst_release,
	dst_set_expires,
	RTAX_HOPLIMIT,
	RTAX_LOCK,
	RTAX_MTU,
	skb_dst_set,
	skb_dst_set_noref,
} from '../../include/net/dst.ts';
import {
	flowi4,
	FLOWI_FLAG_ANYSRC,
	FLOWI_FLAG_KNOWN_NH,
	flowi4_init_output,
	flowi4_to_flowi,
	flowi4_update_output,
} from '../../include/net/flow.ts';
import { icmp_is_err } from '../../include/net/icmp.ts';
import { inet_sk, inet_sk_flowi_flags } from '../../include/net/inet_sock.ts';
import { inet_peer_base } from '../../include/net/inetpeer.ts';
import {
	IP4_REPLY_MARK,
	ip_mtu_locked,
	IP_OFFSET,
	ip_sk_accept_pmtu,
	IPCB,
	IPSKB_DOREDIRECT,
	IPV4_MAX_PMTU,
	IPV4_MIN_MTU,
	RT_CONN_FLAGS,
} from '../../include/net/ip.ts';
import type { fib_info } from '../../include/net/ip_fib.ts';
import {
	type fib_nh_common,
	fib_nh_exception,
	fib_nhc_gw4,
	FIB_RES_DEV,
	FIB_RES_NHC,
	FIB_RES_OIF,
	fib_result,
	fib_rt_info,
	FNHE_HASH_SHIFT,
	FNHE_HASH_SIZE,
	FNHE_RECLAIM_DEPTH,
} from '../../include/net/ip_fib.ts';
import { ipv4_stub } from '../../include/net/ipv4_stubs.ts';
import { ipv6_stub } from '../../include/net/ipv6_stubs.ts';
import {
	l3mdev_master_dev_rcu,
	l3mdev_master_ifindex,
	l3mdev_master_ifindex_rcu,
	netif_index_is_l3_master,
} from '../../include/net/l3mdev.ts';
import { __neigh_lookup_noref, NUD_VALID, type neighbour } from '../../include/net/neighbour.ts';
import { LOOPBACK_IFINDEX, type net } from '../../include/net/net_namespace.ts';
import { NETEVENT_NEIGH_UPDATE } from '../../include/net/netevent.ts';
import {
	nla_get_u16,
	nla_get_u32,
	nla_get_u8,
	nla_nest_start,
	nla_put_u32,
	type nlmsg,
} from '../../include/net/netlink.ts';
import {
	IP_MAX_MTU,
	RT_TOS,
	rt_is_input_route,
	rt_is_output_route,
	rt_nexthop,
	rtable,
	RTCF_BROADCAST,
	RTCF_DOREDIRECT,
	RTCF_LOCAL,
	RTCF_MULTICAST,
	RTCF_NOTIFY,
	RTCF_REDIRECTED,
	RTO_ONLINK,
} from '../../include/net/route.ts';
import { IP_INC_STATS } from '../../include/net/snmp.ts';
import { sk_dst_get, sock_net, sock_owned_by_user, type sock } from '../../include/net/sock.ts';
import { xfrm_lookup_ops } from '../../include/net/xfrm.ts';
import {
	EACCES,
	EAFNOSUPPORT,
	EHOSTUNREACH,
	EINVAL,
	ENETUNREACH,
	ENODEV,
	EOPNOTSUPP,
} from '../../include/uapi/linux/errno.ts';
import {
	ICMP_DEST_UNREACH,
	ICMP_ECHO,
	ICMP_HOST_UNREACH,
	ICMP_NET_UNREACH,
	ICMP_PKT_FILTERED,
	ICMP_REDIR_HOST,
	ICMP_REDIR_HOSTTOS,
	ICMP_REDIR_NET,
	ICMP_REDIR_NETTOS,
	ICMP_REDIRECT,
	ICMPHDR_code,
	ICMPHDR_LEN,
	ICMPHDR_type,
	ICMPHDR_un_gateway,
} from '../../include/uapi/linux/icmp.ts';
import { IFF_LOOPBACK, IFF_UP } from '../../include/uapi/linux/if.ts';
import { ETH_P_IP } from '../../include/uapi/linux/if_ether.ts';
import {
	INADDR_LOOPBACK,
	IPPROTO_ICMP,
	IPPROTO_IGMP,
	IPPROTO_RAW,
	IPPROTO_TCP,
	IPPROTO_UDP,
} from '../../include/uapi/linux/in.ts';
import {
	IPHDR_daddr,
	IPHDR_frag_off,
	IPHDR_LEN,
	IPHDR_protocol,
	IPHDR_saddr,
	IPHDR_tos,
	IPTOS_RT_MASK,
	IPV4_DEVCONF_BC_FORWARDING,
	IPV4_DEVCONF_NOPOLICY,
	IPV4_DEVCONF_NOXFRM,
} from '../../include/uapi/linux/ip.ts';
import {
	RT_SCOPE_HOST,
	RT_SCOPE_LINK,
	RT_SCOPE_UNIVERSE,
	RT_TABLE_COMPAT,
	RT_TABLE_MAIN,
	RTA_DPORT,
	RTA_DST,
	RTA_GATEWAY,
	RTA_IIF,
	RTA_IP_PROTO,
	RTA_MARK,
	RTA_OIF,
	RTA_PREFSRC,
	RTA_SPORT,
	RTA_SRC,
	RTA_TABLE,
	RTA_UID,
	RTA_VIA,
	RTM_F_CLONED,
	RTM_F_FIB_MATCH,
	RTM_F_LOOKUP_TABLE,
	RTM_F_NOTIFY,
	RTM_GETROUTE,
	RTM_NEWROUTE,
	rtmsg_msg,
	RTN_BROADCAST,
	RTN_LOCAL,
	RTN_MULTICAST,
	RTN_UNICAST,
	RTN_UNREACHABLE,
	RTN_UNSPEC,
	RTNH_F_DEAD,
	RTPROT_UNSPEC,
	RTVIA_ADDR,
	RTVIA_FAMILY,
} from '../../include/uapi/linux/rtnetlink.ts';
import { IPSTATS_MIB_INADDRERRORS, IPSTATS_MIB_INNOROUTES } from '../../include/uapi/linux/snmp.ts';
import {
	TCPHDR_dest,
	TCPHDR_flags,
	TCPHDR_LEN,
	TCPHDR_RST,
	TCPHDR_source,
} from '../../include/uapi/linux/tcp.ts';
import {
	UDPHDR_dest,
	UDPHDR_LEN,
	UDPHDR_len,
	UDPHDR_source,
} from '../../include/uapi/linux/udp.ts';
import { __dev_get_by_index, dev_get_by_index_rcu } from '../core/dev.ts';
import {
	blackhole_netdev,
	dst_blackhole_check,
	dst_blackhole_mtu,
	dst_default_metrics,
	dst_dev_put,
	dst_discard,
	dst_discard_out,
	dst_hold_safe,
	dst_init,
	dst_init_metrics,
} from '../core/dst.ts';
import {
	__neigh_create,
	neigh_create,
	neigh_event_send,
	neigh_release,
} from '../core/neighbour.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import { call_netevent_notifiers } from '../core/netevent.ts';
import { rtnetlink_put_metrics, rtnl_put_cacheinfo, rtnl_register } from '../core/rtnetlink.ts';
import {
	alloc_skb,
	kfree_skb,
	pskb_may_pull,
	skb_dst_copy,
	skb_dst_drop,
	skb_dst_force,
	skb_header_pointer_off,
	skb_put,
} from '../core/skbuff.ts';
import { sk_dst_set } from '../core/sock.ts';
import {
	__ip_dev_find,
	devinet_init,
	inet_addr_onlink,
	inet_select_addr,
	nla_get_in_addr,
} from './devinet.ts';
import {
	fib4_rules_early_flow_dissect,
	fib_validate_source,
	inet_addr_type,
	ip_fib_init,
} from './fib_frontend.ts';
import { fib_lookup } from './fib_rules.ts';
import { ip_check_mc_rcu } from './igmp.ts';
import {
	fib_dump_info,
	fib_info_nhc,
	fib_info_num_path,
	fib_props,
	fib_result_prefsrc,
	fib_select_multipath,
	fib_select_path,
	ip_fib_check_default,
} from './fib_semantics.ts';
import {
	inet_getpeer_v4,
	inet_peer_base_init,
	inet_putpeer,
	inetpeer_invalidate_tree,
} from './inetpeer.ts';

const INVALID_UID = 0xffffffff;
/* sizeof(struct tcphdr) + sizeof(struct iphdr) */
const ADVMSS_HEADERS = TCPHDR_LEN + IPHDR_LEN;

/** Settings of all namespaces, ip_rt_* in C; times in jiffies. */
class ip_rt_settings {
	max_size = 0x7fffffff;
	redirect_number = 9;
	redirect_load = HZ / 50;
	redirect_silence = (HZ / 50) << (9 + 1);
	error_cost = HZ;
	error_burst = 5 * HZ;
	mtu_expires = 10 * 60 * HZ;
	/** Bytes. */
	min_pmtu = 512 + 20 + 20;
	/** Bytes. */
	min_advmss = 256;
	gc_timeout = 300 * HZ;
	gc_thresh = -1;
	gc_interval = 60 * HZ;
	gc_min_interval = HZ / 2;
	gc_elasticity = 8;
}

const ip_rt = machine_var(() => new ip_rt_settings());

/** Key and answer of a lookup. */
class lookup_scratch {
	readonly fl4 = new flowi4();
	readonly res = new fib_result();
}

/* One for each function that may hold one while another works. */
const input_scratch = new lookup_scratch();
const output_scratch = machine_var(() => new lookup_scratch());
const source_scratch = machine_var(() => new lookup_scratch());
const pmtu_scratch = machine_var(() => new lookup_scratch());
const sk_pmtu_scratch = machine_var(() => new flowi4());
const redirect_scratch = machine_var(() => new lookup_scratch());
const simple_scratch = machine_var(() => new flowi4());

/** Routes on no next hop's cache; they must let go of a device that goes. */
const rt_uncached_list = machine_var(() => new Set<rtable>());
const fnhe_hashrnd = machine_var((m) => m.random_u32());
const multipath_hashrnd = machine_var((m) => m.random_u32());

/** PORT: net_ratelimit(): ten lines in five seconds. */
const ratelimit = machine_var(() => ({ begin: 0, printed: 0 }));

/**
 * May another line about a packet go to the log?
 * @kernel PORT: net/core/utils.c net_ratelimit
 */
function net_ratelimit(m: Machine): boolean {
	const rs = ratelimit.of(m);
	if (time_after(m.jiffies, rs.begin + 5 * HZ)) {
		rs.begin = m.jiffies;
		rs.printed = 0;
	}
	return rs.printed++ < 10;
}

/**
 * Finds a route for a packet of this host, IPsec left out.
 * @returns a referenced route or a negative errno
 * @kernel include/net/route.h:123 (v5.10)
 */
export function __ip_route_output_key(net: net, flp: flowi4): rtable | number {
	return ip_route_output_key_hash(net, flp, null);
}

/**
 * Finds a route for a packet of this host.
 * @param flp gets the source address
 * @returns a referenced route or a negative errno
 * @kernel include/net/route.h:140 (v5.10)
 */
export function ip_route_output_key(net: net, flp: flowi4): rtable | number {
	return ip_route_output_flow(net, flp, null);
}

/**
 * Finds a route by addresses.
 * @param daddr network order
 * @param saddr network order, 0 for any
 * @param oif device it must leave by, 0 for any
 * @returns a referenced route or a negative errno
 * @kernel include/net/route.h:145 (v5.10)
 */
export function ip_route_output(
	net: net,
	daddr: __be32,
	saddr: __be32,
	tos: u8,
	oif: number,
): rtable | number {
	const fl4 = simple_scratch.of(net.machine);
	fl4.clear();
	fl4.flowi4_oif = oif;
	fl4.flowi4_tos = tos;
	fl4.daddr = daddr;
	fl4.saddr = saddr;
	return ip_route_output_key(net, fl4);
}

/**
 * Finds a route for what a socket sends.
 * @param fl4 filled here
 * @param daddr network order
 * @param saddr network order, 0 for any
 * @param dport network order
 * @param sport network order
 * @param tos RT_CONN_FLAGS()
 * @returns a referenced route or a negative errno
 * @kernel include/net/route.h:157 (v5.10)
 */
export function ip_route_output_ports(
	net: net,
	fl4: flowi4,
	sk: sock | null,
	daddr: __be32,
	saddr: __be32,
	dport: __be16,
	sport: __be16,
	proto: u8,
	tos: u8,
	oif: number,
): rtable | number {
	flowi4_init_output(
		fl4,
		oif,
		sk !== null ? sk.sk_mark : 0,
		tos,
		RT_SCOPE_UNIVERSE,
		proto,
		sk !== null ? inet_sk_flowi_flags(sk) : 0,
		daddr,
		saddr,
		dport,
		sport,
		sk !== null ? sk.sk_uid : 0,
	);
	return ip_route_output_flow(net, fl4, sk);
}

/**
 * Gives a received packet a destination of its own reference.
 * @param dst network order
 * @param src network order
 * @returns 0 or a negative errno
 * @kernel include/net/route.h:198 (v5.10)
 */
export function ip_route_input(
	skb: sk_buff,
	dst: __be32,
	src: __be32,
	tos: u8,
	devin: net_device,
): number {
	let err = ip_route_input_noref(skb, dst, src, tos, devin);
	if (err === 0) {
		skb_dst_force(skb);
		if (skb._dst === null) err = -EINVAL;
	}
	return err;
}

/**
 * Drops a reference on a route.
 * @kernel include/net/route.h:249 (v5.10)
 */
export function ip_rt_put(rt: rtable | null): void {
	dst_release(rt);
}

/**
 * Starts the key of a connection.
 * @param dst network order
 * @param src network order, 0 for any
 * @param sport network order, 0 when not chosen yet
 * @param dport network order
 * @kernel include/net/route.h:291 (v5.10)
 */
export function ip_route_connect_init(
	fl4: flowi4,
	dst: __be32,
	src: __be32,
	tos: u32,
	oif: number,
	protocol: u8,
	sport: __be16,
	dport: __be16,
	sk: sock,
): void {
	flowi4_init_output(
		fl4,
		oif,
		sk.sk_mark,
		tos,
		RT_SCOPE_UNIVERSE,
		protocol,
		inet_sk(sk).transparent ? FLOWI_FLAG_ANYSRC : 0,
		dst,
		src,
		dport,
		sport,
		sk.sk_uid,
	);
}

/**
 * Finds the route of a connection, its addresses first when they are not chosen yet.
 * @param fl4 gets the addresses; goes to ip_route_newports() too
 * @param dst network order
 * @param src network order, 0 for any
 * @param sport network order, 0 when not chosen yet
 * @param dport network order
 * @returns a referenced route or a negative errno
 * @kernel include/net/route.h:306 (v5.10)
 */
export function ip_route_connect(
	fl4: flowi4,
	dst: __be32,
	src: __be32,
	tos: u32,
	oif: number,
	protocol: u8,
	sport: __be16,
	dport: __be16,
	sk: sock,
): rtable | number {
	const net = sock_net(sk);
	ip_route_connect_init(fl4, dst, src, tos, oif, protocol, sport, dport, sk);
	if (dst === 0 || src === 0) {
		const rt = __ip_route_output_key(net, fl4);
		if (IS_ERR(rt)) return rt;
		ip_rt_put(rt);
		flowi4_update_output(fl4, oif, tos, fl4.daddr, fl4.saddr);
	}
	return ip_route_output_flow(net, fl4, sk);
}

/**
 * Finds the route again once the ports of a connection are chosen, for policies that ask for them.
 * @param rt route found before; its reference passes to the answer
 * @returns a referenced route or a negative errno
 * @kernel include/net/route.h:329 (v5.10)
 */
export function ip_route_newports(
	fl4: flowi4,
	rt: rtable,
	orig_sport: __be16,
	orig_dport: __be16,
	sport: __be16,
	dport: __be16,
	sk: sock,
): rtable | number {
	if (sport !== orig_sport || dport !== orig_dport) {
		fl4.fl4_dport = dport;
		fl4.fl4_sport = sport;
		ip_rt_put(rt);
		flowi4_update_output(
			fl4,
			sk.sk_bound_dev_if,
			RT_CONN_FLAGS(sk),
			fl4.daddr,
			fl4.saddr,
		);
		return ip_route_output_flow(sock_net(sk), fl4, sk);
	}
	return rt;
}

/**
 * Interface that a packet counts as received by.
 * @kernel include/net/route.h:347 (v5.10)
 */
export function inet_iif(skb: sk_buff): number {
	const rt = skb._dst as rtable | null;
	if (rt !== null && rt.rt_iif !== 0) return rt.rt_iif;
	return skb.skb_iif;
}

/**
 * TTL of packets to a destination.
 * @kernel include/net/route.h:357 (v5.10)
 */
export function ip4_dst_hoplimit(dst: dst_entry): number {
	const hoplimit = dst_metric_raw(dst, RTAX_HOPLIMIT);
	return hoplimit !== 0 ? hoplimit : dev_net(dst.dev!).ipv4.sysctl_ip_default_ttl;
}

/**
 * Neighbour of an IPv4 next hop, made when it is not there; no reference is taken.
 * @param daddr network order
 * @returns the neighbour or a negative errno
 * @kernel include/net/route.h:367 (v5.10)
 */
export function ip_neigh_gw4(dev: net_device, daddr: __be32): neighbour | number {
	const neigh = __ipv4_neigh_lookup_noref(dev, daddr);
	if (neigh !== null) return neigh;
	return __neigh_create(arp_tbl.of(dev.machine), daddr, dev, false);
}

/**
 * Neighbour of an IPv6 next hop, made when it is not there; no reference is taken.
 * @param addr 16 bytes
 * @returns the neighbour or a negative errno
 * @kernel PORT: inline of include/net/ndisc.h:484, which does not import net/
 */
function ip_neigh_gw6(dev: net_device, addr: Uint8Array): neighbour | number {
	const nd_tbl = ipv6_stub.of(dev.machine).nd_tbl;
	if (nd_tbl === null) return -EAFNOSUPPORT;
	const neigh = __neigh_lookup_noref(nd_tbl, addr, dev);
	if (neigh !== null) return neigh;
	return __neigh_create(nd_tbl, addr, dev, false);
}

/**
 * Neighbour that a packet goes to next, made when it is not there; no reference is taken.
 * PORT: rt_gw_family tells the caller whether it is an IPv6 one.
 * @returns the neighbour or a negative errno
 * @kernel include/net/route.h:379 (v5.10)
 */
export function ip_neigh_for_gw(rt: rtable, skb: sk_buff): neighbour | number {
	const dev = rt.dev!;
	if (rt.rt_gw_family === AF_INET) return ip_neigh_gw4(dev, rt.rt_gw4);
	if (rt.rt_gw_family === AF_INET6) return ip_neigh_gw6(dev, rt.rt_gw6!);
	return ip_neigh_gw4(dev, ip_daddr(skb));
}

/**
 * The neighbour behind a route was heard of.
 * @param daddr network order
 * @kernel PORT: include/net/dst.h dst_confirm_neigh with an IPv4 address
 */
export function dst_confirm_neigh4(rt: rtable, daddr: __be32): void {
	rt.ops.confirm_neigh?.(rt, daddr);
}

/**
 * Was a route made before the last flush?
 * @kernel net/ipv4/route.c:419 (v5.10)
 */
function rt_is_expired(rth: rtable): boolean {
	return rth.rt_genid !== dev_net(rth.dev!).ipv4.rt_genid;
}

/**
 * Makes the cached routes of a namespace stale.
 * @kernel net/ipv4/route.c:424 (v5.10)
 */
export function rt_cache_flush(net: net): void {
	net.ipv4.rt_genid++;
}

/**
 * Neighbour of a route's next hop; dst_ops.neigh_lookup.
 * @returns a referenced neighbour or null
 * @kernel net/ipv4/route.c:429 (v5.10)
 */
function ipv4_neigh_lookup(
	dst: dst_entry,
	skb: sk_buff | null,
	daddr: number | Uint8Array | null,
): neighbour | null {
	const rt = dst as rtable;
	const dev = dst.dev!;
	let n: neighbour | number;
	if (rt.rt_gw_family === AF_INET) n = ip_neigh_gw4(dev, rt.rt_gw4);
	else if (rt.rt_gw_family === AF_INET6) n = ip_neigh_gw6(dev, rt.rt_gw6!);
	else n = ip_neigh_gw4(dev, skb !== null ? ip_daddr(skb) : (daddr as __be32));
	if (IS_ERR(n)) return null;
	n.refcnt++;
	return n;
}

/**
 * The neighbour behind a route was heard of; dst_ops.confirm_neigh.
 * @kernel net/ipv4/route.c:458 (v5.10)
 */
function ipv4_confirm_neigh(dst: dst_entry, daddr: number | Uint8Array | null): void {
	const rt = dst as rtable;
	const dev = dst.dev!;
	if (rt.rt_gw_family === AF_INET) {
		__ipv4_confirm_neigh(dev, rt.rt_gw4);
	} else if (rt.rt_gw_family === AF_INET6) {
		const nd_tbl = ipv6_stub.of(dev.machine).nd_tbl;
		const n = nd_tbl === null ? null : __neigh_lookup_noref(nd_tbl, rt.rt_gw6!, dev);
		if (n !== null) n.confirmed = dev.machine.jiffies;
	} else if (
		daddr !== null &&
		(rt.rt_flags & (RTCF_MULTICAST | RTCF_BROADCAST | RTCF_LOCAL)) === 0
	) {
		__ipv4_confirm_neigh(dev, daddr as __be32);
	}
}

/**
 * Starts the key of a packet that is quoted, or of a socket that sent it.
 * @param sk its settings count, or null
 * @param head buffer
 * @param iph offset of the IP header
 * @kernel net/ipv4/route.c:522 (v5.10)
 */
function __build_flow_key(
	fl4: flowi4,
	sk: sock | null,
	head: Uint8Array,
	iph: number,
	oif: number,
	tos: u8,
	prot: u8,
	mark: u32,
	flow_flags: number,
): void {
	if (sk !== null) {
		oif = sk.sk_bound_dev_if;
		mark = sk.sk_mark;
		tos = RT_CONN_FLAGS(sk);
		prot = inet_sk(sk).hdrincl ? IPPROTO_RAW : sk.sk_protocol;
	}
	flowi4_init_output(
		fl4,
		oif,
		mark,
		tos,
		RT_SCOPE_UNIVERSE,
		prot,
		flow_flags,
		get_unaligned_be32(head, iph + IPHDR_daddr),
		get_unaligned_be32(head, iph + IPHDR_saddr),
		htons(0),
		htons(0),
		sk !== null ? sk.sk_uid : 0,
	);
}

/**
 * Starts the key of a packet that is sent.
 * @kernel net/ipv4/route.c:543 (v5.10)
 */
function build_skb_flow_key(fl4: flowi4, skb: sk_buff, sk: sock | null): void {
	const iph = skb.network_header;
	__build_flow_key(
		fl4,
		sk,
		skb.head,
		iph,
		skb.dev!.ifindex,
		RT_TOS(skb.head[iph + IPHDR_tos]),
		skb.head[iph + IPHDR_protocol],
		skb.mark,
		0,
	);
}

/**
 * Starts the key of a connected socket.
 * @kernel net/ipv4/route.c:556 (v5.10)
 */
function build_sk_flow_key(fl4: flowi4, sk: sock): void {
	const inet = inet_sk(sk);
	let daddr = inet.inet_daddr;
	if (inet.inet_opt !== null && inet.inet_opt.opt.srr !== 0) daddr = inet.inet_opt.opt.faddr;
	flowi4_init_output(
		fl4,
		sk.sk_bound_dev_if,
		sk.sk_mark,
		RT_CONN_FLAGS(sk),
		RT_SCOPE_UNIVERSE,
		inet.hdrincl ? IPPROTO_RAW : sk.sk_protocol,
		inet_sk_flowi_flags(sk),
		daddr,
		inet.inet_saddr,
		htons(0),
		htons(0),
		sk.sk_uid,
	);
}

/**
 * Starts the key of a packet that is sent, or of its socket when there is none.
 * @kernel net/ipv4/route.c:574 (v5.10)
 */
function ip_rt_build_flow_key(fl4: flowi4, sk: sock | null, skb: sk_buff | null): void {
	if (skb !== null) build_skb_flow_key(fl4, skb, sk);
	else build_sk_flow_key(fl4, sk!);
}

/**
 * Lets go of the routes cached at an exception.
 * @kernel net/ipv4/route.c:585 (v5.10)
 */
function fnhe_flush_routes(fnhe: fib_nh_exception): void {
	let rt = fnhe.fnhe_rth_input;
	if (rt !== null) {
		fnhe.fnhe_rth_input = null;
		dst_dev_put(rt);
		dst_release(rt);
	}
	rt = fnhe.fnhe_rth_output;
	if (rt !== null) {
		fnhe.fnhe_rth_output = null;
		dst_dev_put(rt);
		dst_release(rt);
	}
}

/**
 * The exception of a chain that was used longest ago, without its routes.
 * @param chain at least one
 * @kernel net/ipv4/route.c:603 (v5.10)
 */
function fnhe_oldest(chain: fib_nh_exception): fib_nh_exception {
	let oldest = chain;
	for (let fnhe = oldest.fnhe_next; fnhe !== null; fnhe = fnhe.fnhe_next)
		if (time_before(fnhe.fnhe_stamp, oldest.fnhe_stamp)) oldest = fnhe;
	fnhe_flush_routes(oldest);
	return oldest;
}

/**
 * Chain of an exception.
 * @param daddr network order
 * @kernel net/ipv4/route.c:617 (v5.10)
 */
function fnhe_hashfun(m: Machine, daddr: __be32): u32 {
	const hval = jhash_1word(daddr, fnhe_hashrnd.of(m));
	return Math.imul(hval, 0x61c88647) >>> (32 - FNHE_HASH_SHIFT);
}

/**
 * Gives a route what was learnt about its destination.
 * @kernel net/ipv4/route.c:627 (v5.10)
 */
function fill_route_from_fnhe(rt: rtable, fnhe: fib_nh_exception): void {
	rt.rt_pmtu = fnhe.fnhe_pmtu;
	rt.rt_mtu_locked = fnhe.fnhe_mtu_locked;
	rt.expires = fnhe.fnhe_expires;
	if (fnhe.fnhe_gw !== 0) {
		rt.rt_flags = (rt.rt_flags | RTCF_REDIRECTED) >>> 0;
		rt.rt_uses_gateway = 1;
		rt.rt_gw_family = AF_INET;
		rt.rt_gw4 = fnhe.fnhe_gw;
	}
}

/**
 * Notes what was learnt about a destination behind a next hop.
 * @param daddr network order
 * @param gw better gateway, network order; 0 for none
 * @param pmtu bytes; 0 for none
 * @param lock the path MTU is below what this host goes down to
 * @param expires jiffies
 * @kernel net/ipv4/route.c:641 (v5.10)
 */
function update_or_create_fnhe(
	nhc: fib_nh_common,
	daddr: __be32,
	gw: __be32,
	pmtu: u32,
	lock: boolean,
	expires: number,
): void {
	const net = dev_net(nhc.nhc_dev!);
	const genid = net.ipv4.fnhe_genid;
	const hval = fnhe_hashfun(net.machine, daddr);
	nhc.nhc_exceptions ??= new Array<fib_nh_exception | null>(FNHE_HASH_SIZE).fill(null);
	const hash = nhc.nhc_exceptions;
	let depth = 0;
	let fnhe = hash[hval];
	for (; fnhe !== null; fnhe = fnhe.fnhe_next) {
		if (fnhe.fnhe_daddr === daddr) break;
		depth++;
	}
	if (fnhe !== null) {
		fnhe.fnhe_genid = genid;
		if (gw !== 0) fnhe.fnhe_gw = gw;
		if (pmtu !== 0) {
			fnhe.fnhe_pmtu = pmtu;
			fnhe.fnhe_mtu_locked = lock;
		}
		fnhe.fnhe_expires = Math.max(1, expires);
		if (fnhe.fnhe_rth_input !== null) fill_route_from_fnhe(fnhe.fnhe_rth_input, fnhe);
		if (fnhe.fnhe_rth_output !== null) fill_route_from_fnhe(fnhe.fnhe_rth_output, fnhe);
	} else {
		if (depth > FNHE_RECLAIM_DEPTH) {
			fnhe = fnhe_oldest(hash[hval]!);
		} else {
			fnhe = new fib_nh_exception();
			fnhe.fnhe_next = hash[hval];
			hash[hval] = fnhe;
		}
		fnhe.fnhe_genid = genid;
		fnhe.fnhe_daddr = daddr;
		fnhe.fnhe_gw = gw;
		fnhe.fnhe_pmtu = pmtu;
		fnhe.fnhe_mtu_locked = lock;
		fnhe.fnhe_expires = Math.max(1, expires);
		/* Whoever holds the next hop's own routes looks again. */
		if (nhc.nhc_rth_input !== null) nhc.nhc_rth_input.obsolete = DST_OBSOLETE_KILL;
		if (nhc.nhc_rth_output !== null) nhc.nhc_rth_output.obsolete = DST_OBSOLETE_KILL;
	}
	fnhe.fnhe_stamp = net.machine.jiffies;
}

/**
 * May a redirect be believed?
 * @param old_gw router that sent it, network order
 * @param new_gw router it recommends, network order
 * @kernel PORT: part of __ip_do_redirect
 */
function redirect_acceptable(
	in_dev: in_device,
	dev: net_device,
	old_gw: __be32,
	new_gw: __be32,
): boolean {
	if (
		new_gw === old_gw ||
		!IN_DEV_RX_REDIRECTS(in_dev) ||
		ipv4_is_multicast(new_gw) ||
		ipv4_is_lbcast(new_gw) ||
		ipv4_is_zeronet(new_gw)
	)
		return false;
	if (IN_DEV_SHARED_MEDIA(in_dev))
		return inet_addr_type(dev_net(dev), new_gw) === RTN_UNICAST;
	if (!inet_addr_onlink(in_dev, new_gw, old_gw)) return false;
	return !IN_DEV_SEC_REDIRECTS(in_dev) || ip_fib_check_default(new_gw, dev) === 0;
}

/**
 * Handles a redirect.
 * @param skb ICMP message; data at the quoted packet
 * @param fl4 key of the quoted packet
 * @param kill_route the route is someone's cached one and must be looked up again
 * @kernel net/ipv4/route.c:733 (v5.10)
 */
function __ip_do_redirect(rt: rtable, skb: sk_buff, fl4: flowi4, kill_route: boolean): void {
	const icmph = skb.transport_header;
	const new_gw = get_unaligned_be32(skb.head, icmph + ICMPHDR_un_gateway);
	const old_gw = ip_saddr(skb);
	const dev = skb.dev!;
	switch (skb.head[icmph + ICMPHDR_code] & 7) {
		case ICMP_REDIR_NET:
		case ICMP_REDIR_NETTOS:
		case ICMP_REDIR_HOST:
		case ICMP_REDIR_HOSTTOS:
			break;
		default:
			return;
	}
	if (rt.rt_gw_family !== AF_INET || rt.rt_gw4 !== old_gw) return;
	const in_dev = __in_dev_get_rcu(dev);
	if (in_dev === null) return;
	const net = dev_net(dev);
	const m = net.machine;
	if (!redirect_acceptable(in_dev, dev, old_gw, new_gw)) {
		if (IN_DEV_LOG_MARTIANS(in_dev) && net_ratelimit(m)) {
			const saddr = get_unaligned_be32(skb.head, skb.data + IPHDR_saddr);
			const daddr = get_unaligned_be32(skb.head, skb.data + IPHDR_daddr);
			m.printk(
				`IPv4: Redirect from ${ip4_string(old_gw)} on ${dev.name} about ${ip4_string(new_gw)} ignored`,
			);
			m.printk(`  Advised path = ${ip4_string(saddr)} -> ${ip4_string(daddr)}`);
		}
		return;
	}
	let n: neighbour | number | null = __ipv4_neigh_lookup(rt.dev!, new_gw);
	n ??= neigh_create(arp_tbl.of(m), new_gw, rt.dev!);
	if (IS_ERR(n)) return;
	if ((n.nud_state & NUD_VALID) === 0) {
		neigh_event_send(n, null);
	} else {
		const { res } = redirect_scratch.of(m);
		if (fib_lookup(net, fl4, res, 0) === 0) {
			fib_select_path(net, res, fl4, skb);
			update_or_create_fnhe(
				FIB_RES_NHC(res),
				fl4.daddr,
				new_gw,
				0,
				false,
				m.jiffies + ip_rt.of(m).gc_timeout,
			);
		}
		if (kill_route) rt.obsolete = DST_OBSOLETE_KILL;
		call_netevent_notifiers(m, NETEVENT_NEIGH_UPDATE, n);
	}
	neigh_release(n);
}

/**
 * A redirect for a cached route came; dst_ops.redirect.
 * @kernel net/ipv4/route.c:818 (v5.10)
 */
function ip_do_redirect(dst: dst_entry, sk: sock | null, skb: sk_buff): void {
	const { fl4 } = redirect_scratch.of(skb.machine);
	const iph = skb.data;
	__build_flow_key(
		fl4,
		sk,
		skb.head,
		iph,
		skb.dev!.ifindex,
		RT_TOS(skb.head[iph + IPHDR_tos]),
		skb.head[iph + IPHDR_protocol],
		skb.mark,
		0,
	);
	__ip_do_redirect(dst as rtable, skb, fl4, true);
}

/**
 * A cached route does not seem to work; dst_ops.negative_advice.
 * @returns the route, or null when it was given up
 * @kernel net/ipv4/route.c:835 (v5.10)
 */
function ipv4_negative_advice(dst: dst_entry): dst_entry | null {
	const rt = dst as rtable;
	if (dst.obsolete > 0 || (rt.rt_flags & RTCF_REDIRECTED) !== 0 || dst.expires !== 0) {
		ip_rt_put(rt);
		return null;
	}
	return dst;
}

/**
 * Tells the sender of a forwarded packet of a better router, more and more rarely.
 * @kernel net/ipv4/route.c:869 (v5.10)
 */
export function ip_rt_send_redirect(skb: sk_buff): void {
	const rt = skb._dst as rtable;
	const dev = rt.dev!;
	const in_dev = __in_dev_get_rcu(dev);
	if (in_dev === null || !IN_DEV_TX_REDIRECTS(in_dev)) return;
	const log_martians = IN_DEV_LOG_MARTIANS(in_dev);
	const vif = l3mdev_master_ifindex_rcu(dev);
	const net = dev_net(dev);
	const m = net.machine;
	const set = ip_rt.of(m);
	const icmp_send = ipv4_stub.of(m).icmp_send;
	const gw = rt_nexthop(rt, ip_daddr(skb));
	const peer =
		net.ipv4.peers === null
			? null
			: inet_getpeer_v4(m, net.ipv4.peers, ip_saddr(skb), vif, true);
	if (peer === null) {
		icmp_send(skb, ICMP_REDIRECT, ICMP_REDIR_HOST, gw);
		return;
	}
	/* Silent for long: it may have forgotten. */
	if (time_after(m.jiffies, peer.rate_last + set.redirect_silence)) {
		peer.rate_tokens = 0;
		peer.n_redirects = 0;
	}
	if (peer.n_redirects >= set.redirect_number) {
		peer.rate_last = m.jiffies;
	} else if (
		peer.n_redirects === 0 ||
		time_after(m.jiffies, peer.rate_last + (set.redirect_load << peer.n_redirects))
	) {
		const saddr = ip_saddr(skb);
		const daddr = ip_daddr(skb);
		const iif = inet_iif(skb);
		icmp_send(skb, ICMP_REDIRECT, ICMP_REDIR_HOST, gw);
		peer.rate_last = m.jiffies;
		++peer.n_redirects;
		if (log_martians && peer.n_redirects === set.redirect_number && net_ratelimit(m))
			m.printk(
				`IPv4: host ${ip4_string(saddr)}/if${String(iif)} ignores redirects for ${ip4_string(daddr)} to ${ip4_string(gw)}`,
			);
	}
	inet_putpeer(m, peer);
}

/**
 * Input of a destination that has no route: tells the sender, at a limited rate.
 * @returns 0
 * @kernel net/ipv4/route.c:936 (v5.10)
 */
function ip_error(skb: sk_buff): number {
	const rt = skb._dst as rtable;
	let dev = skb.dev;
	out: {
		if (netif_is_l3_master(dev!)) {
			dev = __dev_get_by_index(dev_net(dev!), IPCB(skb).iif);
			if (dev === null) break out;
		}
		const in_dev = __in_dev_get_rcu(dev!);
		if (in_dev === null) break out;
		const net = dev_net(rt.dev!);
		const m = net.machine;
		if (!IN_DEV_FORWARD(in_dev)) {
			if (rt.error === EHOSTUNREACH) IP_INC_STATS(net, IPSTATS_MIB_INADDRERRORS);
			else if (rt.error === ENETUNREACH)
				IP_INC_STATS(net, IPSTATS_MIB_INNOROUTES);
			break out;
		}
		let code: number;
		switch (rt.error) {
			case EHOSTUNREACH:
				code = ICMP_HOST_UNREACH;
				break;
			case ENETUNREACH:
				code = ICMP_NET_UNREACH;
				IP_INC_STATS(net, IPSTATS_MIB_INNOROUTES);
				break;
			case EACCES:
				code = ICMP_PKT_FILTERED;
				break;
			default:
				break out;
		}
		const vif = l3mdev_master_ifindex(skb.dev);
		const peer =
			net.ipv4.peers === null
				? null
				: inet_getpeer_v4(m, net.ipv4.peers, ip_saddr(skb), vif, true);
		let send = true;
		if (peer !== null) {
			const set = ip_rt.of(m);
			const now = m.jiffies;
			peer.rate_tokens += now - peer.rate_last;
			if (peer.rate_tokens > set.error_burst) peer.rate_tokens = set.error_burst;
			peer.rate_last = now;
			if (peer.rate_tokens >= set.error_cost) peer.rate_tokens -= set.error_cost;
			else send = false;
			inet_putpeer(m, peer);
		}
		if (send) ipv4_stub.of(m).icmp_send(skb, ICMP_DEST_UNREACH, code, htonl(0));
	}
	kfree_skb(skb);
	return 0;
}

/**
 * A path is narrower than thought.
 * @param fl4 key of what did not fit
 * @param mtu bytes
 * @kernel net/ipv4/route.c:1012 (v5.10)
 */
function __ip_rt_update_pmtu(rt: rtable, fl4: flowi4, mtu: u32): void {
	const net = dev_net(rt.dev!);
	const m = net.machine;
	const set = ip_rt.of(m);
	let lock = false;
	if (ip_mtu_locked(rt)) return;
	const old_mtu = ipv4_mtu(rt);
	if (old_mtu < mtu) return;
	if (mtu < set.min_pmtu) {
		lock = true;
		mtu = Math.min(old_mtu, set.min_pmtu);
	}
	if (
		rt.rt_pmtu === mtu &&
		!lock &&
		time_before(m.jiffies, rt.expires - Math.trunc(set.mtu_expires / 2))
	)
		return;
	const { res } = pmtu_scratch.of(m);
	if (fib_lookup(net, fl4, res, 0) === 0) {
		fib_select_path(net, res, fl4, null);
		update_or_create_fnhe(
			FIB_RES_NHC(res),
			fl4.daddr,
			htonl(0),
			mtu,
			lock,
			m.jiffies + set.mtu_expires,
		);
	}
}

/**
 * The path of a route is narrower than thought; dst_ops.update_pmtu.
 * @param sk socket whose packet it was, or null
 * @param skb packet that is sent, or null
 * @kernel net/ipv4/route.c:1048 (v5.10)
 */
function ip_rt_update_pmtu(
	dst: dst_entry,
	sk: sock | null,
	skb: sk_buff | null,
	mtu: u32,
	_confirm_neigh: boolean,
): void {
	const { fl4 } = pmtu_scratch.of(dst.dev!.machine);
	ip_rt_build_flow_key(fl4, sk, skb);
	/* Of encapsulated packets on a bridge port the device says nothing. */
	if (skb !== null && netif_is_bridge_port(skb.dev!)) fl4.flowi4_oif = 0;
	__ip_rt_update_pmtu(dst as rtable, fl4, mtu);
}

/**
 * "Fragmentation needed" came for a packet of this host.
 * @param skb ICMP message; data at the quoted packet
 * @param mtu bytes
 * @param oif 0 for any
 * @kernel net/ipv4/route.c:1064 (v5.10)
 */
export function ipv4_update_pmtu(
	skb: sk_buff,
	net: net,
	mtu: u32,
	oif: number,
	protocol: u8,
): void {
	const { fl4 } = pmtu_scratch.of(net.machine);
	const iph = skb.data;
	__build_flow_key(
		fl4,
		null,
		skb.head,
		iph,
		oif,
		RT_TOS(skb.head[iph + IPHDR_tos]),
		protocol,
		IP4_REPLY_MARK(net, skb.mark),
		0,
	);
	const rt = __ip_route_output_key(net, fl4);
	if (IS_ERR(rt)) return;
	__ip_rt_update_pmtu(rt, fl4, mtu);
	ip_rt_put(rt);
}

/**
 * "Fragmentation needed" came for a socket that has no route at hand.
 * @kernel net/ipv4/route.c:1082 (v5.10)
 */
function __ipv4_sk_update_pmtu(skb: sk_buff, sk: sock, mtu: u32): void {
	const net = sock_net(sk);
	const fl4 = sk_pmtu_scratch.of(net.machine);
	__build_flow_key(fl4, sk, skb.head, skb.data, 0, 0, 0, 0, 0);
	if (fl4.flowi4_mark === 0) fl4.flowi4_mark = IP4_REPLY_MARK(net, skb.mark);
	const rt = __ip_route_output_key(net, fl4);
	if (IS_ERR(rt)) return;
	__ip_rt_update_pmtu(rt, fl4, mtu);
	ip_rt_put(rt);
}

/**
 * "Fragmentation needed" came for a socket.
 * @param skb ICMP message; data at the quoted packet
 * @param mtu bytes
 * @kernel net/ipv4/route.c:1100 (v5.10)
 */
export function ipv4_sk_update_pmtu(skb: sk_buff, sk: sock, mtu: u32): void {
	const net = sock_net(sk);
	if (!ip_sk_accept_pmtu(sk)) return;
	const odst = sk_dst_get(sk);
	if (sock_owned_by_user(sk) || odst === null) {
		__ipv4_sk_update_pmtu(skb, sk, mtu);
		dst_release(odst);
		return;
	}
	const fl4 = sk_pmtu_scratch.of(net.machine);
	__build_flow_key(fl4, sk, skb.head, skb.data, 0, 0, 0, 0, 0);
	let rt: rtable | number = odst as rtable;
	let new_ = false;
	out: {
		if (odst.obsolete !== 0 && odst.ops.check(odst, 0) === null) {
			rt = ip_route_output_flow(net, fl4, sk);
			if (IS_ERR(rt)) break out;
			new_ = true;
		}
		const path = ipv4_stub.of(net.machine).xfrm_dst_path(rt) as rtable;
		__ip_rt_update_pmtu(path, fl4, mtu);
		if (dst_check(rt, 0) === null) {
			if (new_) dst_release(rt);
			rt = ip_route_output_flow(net, fl4, sk);
			if (IS_ERR(rt)) break out;
			new_ = true;
		}
		if (new_) sk_dst_set(sk, rt);
	}
	dst_release(odst);
}

/**
 * A redirect came for a packet of this host.
 * @param skb ICMP message; data at the quoted packet
 * @param oif 0 for any
 * @kernel net/ipv4/route.c:1154 (v5.10)
 */
export function ipv4_redirect(skb: sk_buff, net: net, oif: number, protocol: u8): void {
	const { fl4 } = redirect_scratch.of(net.machine);
	const iph = skb.data;
	__build_flow_key(
		fl4,
		null,
		skb.head,
		iph,
		oif,
		RT_TOS(skb.head[iph + IPHDR_tos]),
		protocol,
		0,
		0,
	);
	const rt = __ip_route_output_key(net, fl4);
	if (IS_ERR(rt)) return;
	__ip_do_redirect(rt, skb, fl4, false);
	ip_rt_put(rt);
}

/**
 * A redirect came for a socket.
 * @param skb ICMP message; data at the quoted packet
 * @kernel net/ipv4/route.c:1171 (v5.10)
 */
export function ipv4_sk_redirect(skb: sk_buff, sk: sock): void {
	const { fl4 } = redirect_scratch.of(skb.machine);
	__build_flow_key(fl4, sk, skb.head, skb.data, 0, 0, 0, 0, 0);
	const rt = __ip_route_output_key(sock_net(sk), fl4);
	if (IS_ERR(rt)) return;
	__ip_do_redirect(rt, skb, fl4, false);
	ip_rt_put(rt);
}

/**
 * Tells whether a cached route is still good; dst_ops.check.
 * @returns the route or null
 * @kernel net/ipv4/route.c:1187 (v5.10)
 */
function ipv4_dst_check(dst: dst_entry, _cookie: number): dst_entry | null {
	if (dst.obsolete !== DST_OBSOLETE_FORCE_CHK || rt_is_expired(dst as rtable)) return null;
	return dst;
}

/**
 * Tells the sender of a packet that its host cannot be reached.
 * @kernel net/ipv4/route.c:1204 (v5.10)
 */
function ipv4_send_dest_unreach(skb: sk_buff): void {
	const m = skb.machine;
	const off = skb.network_header - skb.data;
	if (!pskb_may_pull(skb, off + IPHDR_LEN)) return;
	const ihl = skb.head[skb.network_header] & 0xf;
	if (skb.head[skb.network_header] >> 4 !== 4 || ihl < 5) return;
	/* PORT: the options, which may be gone, are read into the control block, not beside it: the packet ends here. */
	const { opt } = IPCB(skb);
	opt.clear();
	if (ihl > 5) {
		if (!pskb_may_pull(skb, off + ihl * 4)) return;
		opt.optlen = ihl * 4 - IPHDR_LEN;
		const compile = ipv4_stub.of(m).__ip_options_compile;
		if (compile !== null && compile(dev_net(skb.dev!), opt, skb) !== 0) return;
	}
	ipv4_stub.of(m).icmp_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, htonl(0));
}

/**
 * The next hop of a packet does not answer; dst_ops.link_failure.
 * @kernel net/ipv4/route.c:1232 (v5.10)
 */
function ipv4_link_failure(skb: sk_buff): void {
	ipv4_send_dest_unreach(skb);
	const rt = skb._dst;
	if (rt !== null) dst_set_expires(rt, 0);
}

/**
 * Output of a destination that only receives.
 * @returns 0
 * @kernel net/ipv4/route.c:1243 (v5.10)
 */
function ip_rt_bug(_net: net, _sk: sock | null, skb: sk_buff): number {
	skb.machine.record(
		'WARN',
		'ip_rt_bug',
		`${ip4_string(ip_saddr(skb))} -> ${ip4_string(ip_daddr(skb))}, ${skb.dev?.name ?? '?'}`,
		skb,
	);
	kfree_skb(skb);
	return 0;
}

/**
 * Address that this host puts into a packet's options.
 * @param addr 4 bytes to fill
 * @kernel net/ipv4/route.c:1262 (v5.10)
 */
export function ip_rt_get_source(addr: Uint8Array, skb: sk_buff, rt: rtable): void {
	let src: __be32;
	if (rt_is_output_route(rt)) {
		src = ip_saddr(skb);
	} else {
		const dev = rt.dev!;
		const net = dev_net(dev);
		const { fl4, res } = source_scratch.of(net.machine);
		fl4.clear();
		fl4.daddr = ip_daddr(skb);
		fl4.saddr = ip_saddr(skb);
		fl4.flowi4_tos = RT_TOS(skb.head[skb.network_header + IPHDR_tos]);
		fl4.flowi4_oif = dev.ifindex;
		fl4.flowi4_iif = skb.dev!.ifindex;
		fl4.flowi4_mark = skb.mark;
		if (fib_lookup(net, fl4, res, 0) === 0) src = fib_result_prefsrc(net, res);
		else src = inet_select_addr(dev, rt_nexthop(rt, ip_daddr(skb)), RT_SCOPE_UNIVERSE);
	}
	put_unaligned_be32(ntohl(src), addr, 0);
}

/**
 * MSS to advertise; dst_ops.default_advmss.
 * @returns bytes
 * @kernel net/ipv4/route.c:1302 (v5.10)
 */
function ipv4_default_advmss(dst: dst_entry): number {
	const min_advmss = ip_rt.of(dst.dev!.machine).min_advmss;
	const advmss = Math.max(ipv4_mtu(dst) - ADVMSS_HEADERS, min_advmss);
	return Math.min(advmss, IPV4_MAX_PMTU - ADVMSS_HEADERS);
}

/**
 * MTU of a route: what was learnt, what the user set, the device's; dst_ops.mtu.
 * @returns bytes
 * @kernel net/ipv4/route.c:1311 (v5.10)
 */
function ipv4_mtu(dst: dst_entry): number {
	const rt = dst as rtable;
	const dev = dst.dev!;
	let mtu = rt.rt_pmtu;
	if (mtu === 0 || time_after_eq(dev.machine.jiffies, rt.expires))
		mtu = dst_metric_raw(dst, RTAX_MTU);
	if (mtu !== 0) return mtu;
	mtu = dev.mtu;
	if (ip_mtu_locked(dst) && rt.rt_uses_gateway !== 0 && mtu > 576) mtu = 576;
	return Math.min(mtu, IP_MAX_MTU);
}

/**
 * Forgets what was learnt about a destination.
 * @param daddr network order
 * @kernel net/ipv4/route.c:1334 (v5.10)
 */
function ip_del_fnhe(nhc: fib_nh_common, daddr: __be32): void {
	const hash = nhc.nhc_exceptions!;
	const hval = fnhe_hashfun(nhc.nhc_dev!.machine, daddr);
	let prev: fib_nh_exception | null = null;
	for (let fnhe = hash[hval]; fnhe !== null; prev = fnhe, fnhe = fnhe.fnhe_next) {
		if (fnhe.fnhe_daddr !== daddr) continue;
		if (prev === null) hash[hval] = fnhe.fnhe_next;
		else prev.fnhe_next = fnhe.fnhe_next;
		/* So that no new route binds to it. */
		fnhe.fnhe_daddr = htonl(0);
		fnhe_flush_routes(fnhe);
		return;
	}
}

/**
 * What was learnt about a destination behind a next hop.
 * @param daddr network order
 * @kernel net/ipv4/route.c:1368 (v5.10)
 */
function find_exception(nhc: fib_nh_common, daddr: __be32): fib_nh_exception | null {
	const hash = nhc.nhc_exceptions;
	if (hash === null) return null;
	const m = nhc.nhc_dev!.machine;
	for (let fnhe = hash[fnhe_hashfun(m, daddr)]; fnhe !== null; fnhe = fnhe.fnhe_next) {
		if (fnhe.fnhe_daddr !== daddr) continue;
		if (fnhe.fnhe_expires !== 0 && time_after(m.jiffies, fnhe.fnhe_expires)) {
			ip_del_fnhe(nhc, daddr);
			break;
		}
		return fnhe;
	}
	return null;
}

/**
 * MTU that a forwarded packet finds: locked at the route, learnt, or the device's.
 * @param daddr network order
 * @returns bytes
 * @kernel net/ipv4/route.c:1400 (v5.10)
 */
export function ip_mtu_from_fib_result(res: fib_result, daddr: __be32): u32 {
	const nhc = res.nhc!;
	const dev = nhc.nhc_dev!;
	const fi = res.fi!;
	let mtu = 0;
	if (
		dev_net(dev).ipv4.sysctl_ip_fwd_use_pmtu !== 0 ||
		(fi.fib_metrics[RTAX_LOCK - 1] & (1 << RTAX_MTU)) !== 0
	)
		mtu = fi.fib_metrics[RTAX_MTU - 1];
	if (mtu === 0) {
		const fnhe = find_exception(nhc, daddr);
		if (fnhe !== null && !time_after_eq(dev.machine.jiffies, fnhe.fnhe_expires))
			mtu = fnhe.fnhe_pmtu;
	}
	if (mtu === 0) mtu = Math.min(dev.mtu, IP_MAX_MTU);
	return mtu;
}

/**
 * The destination itself is the next hop of a route that serves no other.
 * @param daddr network order
 * @kernel PORT: rt_gw4 and rt_gw6 are a union in C, an IPv6 gateway counts as set
 */
function rt_set_onlink_nexthop(rt: rtable, daddr: __be32): void {
	if (rt.rt_gw4 !== 0 || rt.rt_gw_family === AF_INET6) return;
	rt.rt_gw_family = AF_INET;
	rt.rt_gw4 = daddr;
}

/**
 * Gives a new route what was learnt about its destination, and caches it there.
 * @param daddr network order
 * @returns whether it is cached
 * @kernel net/ipv4/route.c:1425 (v5.10)
 */
function rt_bind_exception(
	rt: rtable,
	fnhe: fib_nh_exception,
	daddr: __be32,
	do_cache: boolean,
): boolean {
	if (daddr !== fnhe.fnhe_daddr) return false;
	const net = dev_net(rt.dev!);
	const genid = net.ipv4.fnhe_genid;
	if (fnhe.fnhe_genid !== genid) {
		fnhe.fnhe_genid = genid;
		fnhe.fnhe_gw = htonl(0);
		fnhe.fnhe_pmtu = 0;
		fnhe.fnhe_expires = 0;
		fnhe.fnhe_mtu_locked = false;
		fnhe_flush_routes(fnhe);
	}
	fill_route_from_fnhe(rt, fnhe);
	rt_set_onlink_nexthop(rt, daddr);
	if (do_cache) {
		dst_hold(rt);
		let orig: rtable | null;
		if (rt_is_input_route(rt)) {
			orig = fnhe.fnhe_rth_input;
			fnhe.fnhe_rth_input = rt;
		} else {
			orig = fnhe.fnhe_rth_output;
			fnhe.fnhe_rth_output = rt;
		}
		if (orig !== null) {
			dst_dev_put(orig);
			dst_release(orig);
		}
	}
	fnhe.fnhe_stamp = net.machine.jiffies;
	return do_cache;
}

/**
 * Caches a route at its next hop, in place of the one there.
 * @returns true
 * @kernel net/ipv4/route.c:1475 (v5.10)
 */
function rt_cache_route(nhc: fib_nh_common, rt: rtable): boolean {
	dst_hold(rt);
	let orig: rtable | null;
	if (rt_is_input_route(rt)) {
		orig = nhc.nhc_rth_input;
		nhc.nhc_rth_input = rt;
	} else {
		orig = nhc.nhc_rth_output;
		nhc.nhc_rth_output = rt;
	}
	if (orig !== null) {
		rt_add_uncached_list(orig);
		dst_release(orig);
	}
	return true;
}

/**
 * Notes a route that no next hop caches.
 * @kernel net/ipv4/route.c:1512 (v5.10)
 */
export function rt_add_uncached_list(rt: rtable): void {
	rt.rt_uncached = true;
	rt_uncached_list.of(rt.dev!.machine).add(rt);
}

/**
 * Ends rt_add_uncached_list().
 * @kernel net/ipv4/route.c:1523 (v5.10)
 */
export function rt_del_uncached_list(rt: rtable): void {
	if (!rt.rt_uncached) return;
	rt.rt_uncached = false;
	rt_uncached_list.of(rt.dev!.machine).delete(rt);
}

/**
 * A route ends; dst_ops.destroy.
 * @kernel net/ipv4/route.c:1534 (v5.10)
 */
function ipv4_dst_destroy(dst: dst_entry): void {
	rt_del_uncached_list(dst as rtable);
}

/**
 * Takes the routes that no next hop caches off a device that goes.
 * @kernel net/ipv4/route.c:1542 (v5.10)
 */
export function rt_flush_dev(dev: net_device): void {
	const m = dev.machine;
	const blackhole = blackhole_netdev.of(m).dev!;
	for (const rt of rt_uncached_list.of(m)) {
		if (rt.dev !== dev) continue;
		rt.dev = blackhole;
		dev_hold(blackhole);
		dev_put(dev);
	}
}

/**
 * May a cached route be used?
 * @kernel net/ipv4/route.c:1562 (v5.10)
 */
function rt_cache_valid(rt: rtable | null): rt is rtable {
	return rt !== null && rt.obsolete === DST_OBSOLETE_FORCE_CHK && !rt_is_expired(rt);
}

/**
 * Gives a new route its next hop and metrics, and caches it where it may be.
 * @param daddr network order
 * @param fi null: no route of a table lies behind it
 * @kernel net/ipv4/route.c:1569 (v5.10)
 */
function rt_set_nexthop(
	rt: rtable,
	daddr: __be32,
	res: fib_result,
	fnhe: fib_nh_exception | null,
	fi: fib_info | null,
	do_cache: boolean,
): void {
	if (fi === null) {
		rt_add_uncached_list(rt);
		return;
	}
	const nhc = FIB_RES_NHC(res);
	if (nhc.nhc_gw_family !== 0 && nhc.nhc_scope === RT_SCOPE_LINK) {
		rt.rt_uses_gateway = 1;
		rt.rt_gw_family = nhc.nhc_gw_family;
		if (nhc.nhc_gw_family === AF_INET) rt.rt_gw4 = nhc.nhc_gw4;
		else rt.rt_gw6 = nhc.nhc_gw6;
	}
	dst_init_metrics(rt, fi.fib_metrics);
	let cached = false;
	if (fnhe !== null) cached = rt_bind_exception(rt, fnhe, daddr, do_cache);
	else if (do_cache) cached = rt_cache_route(nhc, rt);
	if (!cached) {
		rt_set_onlink_nexthop(rt, daddr);
		rt_add_uncached_list(rt);
	}
}

/**
 * Makes a route.
 * @param flags RTCF_*
 * @param type RTN_*
 * @param nopolicy IPsec policies do not apply to what arrives
 * @param noxfrm IPsec transforms do not apply to what leaves
 * @returns a referenced route
 * @kernel net/ipv4/route.c:1628 (v5.10)
 */
export function rt_dst_alloc(
	dev: net_device,
	flags: number,
	type: number,
	nopolicy: boolean,
	noxfrm: boolean,
): rtable {
	const stub = ipv4_stub.of(dev.machine);
	const ops = ipv4_dst_ops.of(dev.machine);
	const rt = new rtable(
		ops,
		dev,
		dst_default_metrics,
		dst_discard,
		stub.ip_output ?? dst_discard_out,
	);
	dst_init(
		rt,
		ops,
		dev,
		1,
		DST_OBSOLETE_FORCE_CHK,
		(nopolicy ? DST_NOPOLICY : 0) | (noxfrm ? DST_NOXFRM : 0),
	);
	rt.rt_genid = dev_net(dev).ipv4.rt_genid;
	rt.rt_flags = flags >>> 0;
	rt.rt_type = type;
	if ((flags & RTCF_LOCAL) !== 0) rt.input = stub.ip_local_deliver ?? dst_discard;
	return rt;
}

/**
 * Copies a route to another device.
 * @returns a referenced route
 * @kernel net/ipv4/route.c:1660 (v5.10)
 */
export function rt_dst_clone(dev: net_device, rt: rtable): rtable {
	const ops = ipv4_dst_ops.of(dev.machine);
	const new_rt = new rtable(ops, dev, dst_default_metrics, rt.input, rt.output);
	dst_init(new_rt, ops, dev, 1, DST_OBSOLETE_FORCE_CHK, rt.flags);
	new_rt.rt_genid = dev_net(dev).ipv4.rt_genid;
	new_rt.rt_flags = rt.rt_flags;
	new_rt.rt_type = rt.rt_type;
	new_rt.rt_is_input = rt.rt_is_input;
	new_rt.rt_iif = rt.rt_iif;
	new_rt.rt_pmtu = rt.rt_pmtu;
	new_rt.rt_mtu_locked = rt.rt_mtu_locked;
	new_rt.rt_gw_family = rt.rt_gw_family;
	new_rt.rt_gw4 = rt.rt_gw4;
	new_rt.rt_gw6 = rt.rt_gw6;
	new_rt.error = rt.error;
	new_rt.lastuse = dev.machine.jiffies;
	return new_rt;
}

/**
 * Checks the source of a packet to a group.
 * @param daddr network order
 * @param saddr network order
 * @returns 0 or a negative errno
 * @kernel net/ipv4/route.c:1693 (v5.10)
 */
export function ip_mc_validate_source(
	skb: sk_buff,
	daddr: __be32,
	saddr: __be32,
	tos: u8,
	dev: net_device,
	in_dev: in_device | null,
): number {
	if (in_dev === null) return -EINVAL;
	if (ipv4_is_multicast(saddr) || ipv4_is_lbcast(saddr) || skb.protocol !== htons(ETH_P_IP))
		return -EINVAL;
	if (ipv4_is_loopback(saddr) && !IN_DEV_ROUTE_LOCALNET(in_dev)) return -EINVAL;
	if (ipv4_is_zeronet(saddr)) {
		if (
			!ipv4_is_local_multicast(daddr) &&
			skb.head[skb.network_header + IPHDR_protocol] !== IPPROTO_IGMP
		)
			return -EINVAL;
	} else {
		const err = fib_validate_source(skb, saddr, htonl(0), tos, 0, dev, in_dev);
		if (err < 0) return err;
	}
	return 0;
}

/**
 * Gives a received packet to a group its destination.
 * @param our this host is in the group
 * @returns 0 or a negative errno
 * @kernel net/ipv4/route.c:1724 (v5.10)
 */
function ip_route_input_mc(
	skb: sk_buff,
	daddr: __be32,
	saddr: __be32,
	tos: u8,
	dev: net_device,
	our: boolean,
): number {
	const in_dev = __in_dev_get_rcu(dev);
	let flags = RTCF_MULTICAST;
	const err = ip_mc_validate_source(skb, daddr, saddr, tos, dev, in_dev);
	if (err !== 0) return err;
	if (our) flags |= RTCF_LOCAL;
	const rth = rt_dst_alloc(
		dev_net(dev).loopback_dev!,
		flags,
		RTN_MULTICAST,
		IN_DEV_CONF_GET(in_dev!, IPV4_DEVCONF_NOPOLICY) !== 0,
		false,
	);
	rth.output = ip_rt_bug;
	rth.rt_is_input = 1;
	skb_dst_set(skb, rth);
	return 0;
}

/**
 * Logs a packet with an impossible source.
 * @kernel net/ipv4/route.c:1762 (v5.10)
 */
function ip_handle_martian_source(
	dev: net_device,
	in_dev: in_device,
	skb: sk_buff,
	daddr: __be32,
	saddr: __be32,
): void {
	const m = dev.machine;
	if (!IN_DEV_LOG_MARTIANS(in_dev) || !net_ratelimit(m)) return;
	m.printk(
		`IPv4: martian source ${ip4_string(daddr)} from ${ip4_string(saddr)}, on dev ${dev.name}`,
	);
	if (dev.hard_header_len === 0 || skb.mac_header < 0) return;
	const h = skb.head.subarray(skb.mac_header, skb.mac_header + dev.hard_header_len);
	const hex = Array.from(h, (b) => b.toString(16).padStart(2, '0')).join(' ');
	m.printk(`ll header: 00000000: ${hex}`);
}

/**
 * Gives a packet to forward its destination: the cached one, or a new one.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/route.c:1788 (v5.10)
 */
function __mkroute_input(
	skb: sk_buff,
	res: fib_result,
	in_dev: in_device,
	daddr: __be32,
	saddr: __be32,
	tos: u32,
): number {
	const nhc = FIB_RES_NHC(res);
	const dev = nhc.nhc_dev!;
	const m = dev.machine;
	const out_dev = __in_dev_get_rcu(dev);
	if (out_dev === null) {
		m.printk('IPv4: Bug in ip_route_input_slow(). Please report.');
		return -EINVAL;
	}
	const err = fib_validate_source(
		skb,
		saddr,
		daddr,
		tos,
		FIB_RES_OIF(res),
		in_dev.dev,
		in_dev,
	);
	if (err < 0) {
		ip_handle_martian_source(in_dev.dev, in_dev, skb, daddr, saddr);
		return err;
	}
	const do_cache = res.fi !== null;
	const is_ip = skb.protocol === htons(ETH_P_IP);
	if (out_dev === in_dev && err !== 0 && IN_DEV_TX_REDIRECTS(out_dev) && is_ip) {
		const gw = fib_nhc_gw4(nhc);
		if (IN_DEV_SHARED_MEDIA(out_dev) || inet_addr_onlink(out_dev, saddr, gw))
			IPCB(skb).flags |= IPSKB_DOREDIRECT;
	}
	/* Asked for by ARP: whether this host may answer for the destination. */
	if (!is_ip && out_dev === in_dev && !IN_DEV_PROXY_ARP_PVLAN(in_dev)) return -EINVAL;

	const fnhe = find_exception(nhc, daddr);
	if (do_cache) {
		const cached = fnhe !== null ? fnhe.fnhe_rth_input : nhc.nhc_rth_input;
		if (rt_cache_valid(cached)) {
			skb_dst_set_noref(skb, cached);
			return 0;
		}
	}
	const rth = rt_dst_alloc(
		out_dev.dev,
		0,
		res.type,
		IN_DEV_CONF_GET(in_dev, IPV4_DEVCONF_NOPOLICY) !== 0,
		IN_DEV_CONF_GET(out_dev, IPV4_DEVCONF_NOXFRM) !== 0,
	);
	rth.rt_is_input = 1;
	rth.input = ipv4_stub.of(m).ip_forward ?? dst_discard;
	rt_set_nexthop(rth, daddr, res, fnhe, res.fi, do_cache);
	skb_dst_set(skb, rth);
	return 0;
}

/**
 * Offset of the IP header whose addresses tell the flow: the quoted one in an ICMP error.
 * @kernel net/ipv4/route.c:1883 (v5.10)
 */
function ip_multipath_l3_keys(skb: sk_buff): number {
	const outer = skb.network_header;
	if (skb.head[outer + IPHDR_protocol] !== IPPROTO_ICMP) return outer;
	if ((get_unaligned_be16(skb.head, outer + IPHDR_frag_off) & IP_OFFSET) !== 0) return outer;
	const off = outer - skb.data + (skb.head[outer] & 0xf) * 4;
	const icmph = skb_header_pointer_off(skb, off, ICMPHDR_LEN);
	if (icmph < 0) return skb.network_header;
	if (!icmp_is_err(skb.head[icmph + ICMPHDR_type])) return skb.network_header;
	const inner = skb_header_pointer_off(skb, off + ICMPHDR_LEN, IPHDR_LEN);
	return inner < 0 ? skb.network_header : inner;
}

/**
 * Hashes a flow; both directions give the same.
 * @param src network order
 * @param dst network order
 * @param sport network order
 * @param dport network order
 * @returns 32 bits, not 0
 * @kernel PORT: net/core/flow_dissector.c flow_hash_from_keys
 */
function flow_hash_from_keys(
	m: Machine,
	src: __be32,
	dst: __be32,
	proto: u8,
	sport: __be16,
	dport: __be16,
): u32 {
	const diff = (dst - src) | 0;
	if (diff < 0 || (diff === 0 && dport < sport)) {
		const a = src;
		src = dst;
		dst = a;
		const p = sport;
		sport = dport;
		dport = p;
	}
	const seed = jhash_1word(proto, multipath_hashrnd.of(m));
	const hash = jhash_3words(dst, src, ((ntohs(sport) << 16) | ntohs(dport)) >>> 0, seed);
	return hash !== 0 ? hash : 1;
}

/**
 * Hashes a packet by addresses, protocol and ports.
 * @kernel PORT: net/core/flow_dissector.c skb_flow_dissect_flow_keys for IPv4
 */
function skb_hash_from_keys(skb: sk_buff): u32 {
	const proto = skb.head[skb.network_header + IPHDR_protocol];
	const frag = get_unaligned_be16(skb.head, skb.network_header + IPHDR_frag_off) & 0x3fff;
	let sport = htons(0);
	let dport = htons(0);
	const poff = proto_ports_offset(proto);
	if (frag === 0 && poff >= 0) {
		const ihl = (skb.head[skb.network_header] & 0xf) * 4;
		const p = skb_header_pointer_off(
			skb,
			skb.network_header - skb.data + ihl + poff,
			4,
		);
		if (p >= 0) {
			sport = get_unaligned_be16(skb.head, p);
			dport = get_unaligned_be16(skb.head, p + 2);
		}
	}
	return flow_hash_from_keys(skb.machine, ip_saddr(skb), ip_daddr(skb), proto, sport, dport);
}

/**
 * Hash by which a flow chooses among next hops.
 * @param fl4 may be null when there is a packet
 * @param skb packet to read, or null
 * @returns 31 bits
 * @kernel net/ipv4/route.c:1920 (v5.10)
 */
export function fib_multipath_hash(net: net, fl4: flowi4 | null, skb: sk_buff | null): number {
	const m = net.machine;
	const multipath_hash = fl4 !== null ? fl4.flowi4_multipath_hash : 0;
	let mhash: u32;
	if (net.ipv4.sysctl_fib_multipath_hash_policy === 1) {
		if (skb !== null) {
			if (skb.l4_hash) return skb.hash >>> 1;
			mhash = skb_hash_from_keys(skb);
		} else {
			mhash = flow_hash_from_keys(
				m,
				fl4!.saddr,
				fl4!.daddr,
				fl4!.flowi4_proto,
				fl4!.fl4_sport,
				fl4!.fl4_dport,
			);
		}
	} else if (skb !== null) {
		const iph = ip_multipath_l3_keys(skb);
		mhash = flow_hash_from_keys(
			m,
			get_unaligned_be32(skb.head, iph + IPHDR_saddr),
			get_unaligned_be32(skb.head, iph + IPHDR_daddr),
			0,
			htons(0),
			htons(0),
		);
	} else {
		mhash = flow_hash_from_keys(m, fl4!.saddr, fl4!.daddr, 0, htons(0), htons(0));
	}
	if (multipath_hash !== 0) mhash = jhash_2words(mhash, multipath_hash, 0);
	return mhash >>> 1;
}

/**
 * Gives a packet to forward its destination, one of several next hops.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/route.c:2011 (v5.10)
 */
function ip_mkroute_input(
	skb: sk_buff,
	res: fib_result,
	in_dev: in_device,
	daddr: __be32,
	saddr: __be32,
	tos: u32,
): number {
	if (res.fi !== null && fib_info_num_path(res.fi) > 1)
		fib_select_multipath(res, fib_multipath_hash(res.fi.fib_net, null, skb));
	return __mkroute_input(skb, res, in_dev, daddr, saddr, tos);
}

/**
 * Gives a packet the destination of the one before it in a list, which went to the same address.
 * @param daddr network order
 * @param saddr network order
 * @param hint packet with a destination
 * @returns 0 or a negative errno
 * @kernel net/ipv4/route.c:2033 (v5.10)
 */
export function ip_route_use_hint(
	skb: sk_buff,
	daddr: __be32,
	saddr: __be32,
	tos: u8,
	dev: net_device,
	hint: sk_buff,
): number {
	const in_dev = __in_dev_get_rcu(dev)!;
	const rt = hint._dst as rtable;
	const net = dev_net(dev);
	let err = -EINVAL;
	martian_source: {
		if (ipv4_is_multicast(saddr) || ipv4_is_lbcast(saddr)) break martian_source;
		if (ipv4_is_zeronet(saddr)) break martian_source;
		if (ipv4_is_loopback(saddr) && !IN_DEV_NET_ROUTE_LOCALNET(in_dev, net))
			break martian_source;
		if (rt.rt_type === RTN_LOCAL) {
			err = fib_validate_source(
				skb,
				saddr,
				daddr,
				tos & IPTOS_RT_MASK,
				0,
				dev,
				in_dev,
			);
			if (err < 0) break martian_source;
		}
		skb_dst_copy(skb, hint);
		return 0;
	}
	ip_handle_martian_source(dev, in_dev, skb, daddr, saddr);
	return err;
}

/**
 * Logs a packet with an impossible destination.
 * @returns -EINVAL
 * @kernel PORT: part of ip_route_input_slow
 */
function martian_destination(in_dev: in_device, daddr: __be32, saddr: __be32): number {
	const { dev } = in_dev;
	if (IN_DEV_LOG_MARTIANS(in_dev) && net_ratelimit(dev.machine))
		dev.machine.printk(
			`IPv4: martian destination ${ip4_string(daddr)} from ${ip4_string(saddr)}, dev ${dev.name}`,
		);
	return -EINVAL;
}

/**
 * Gives a packet to this host, or one without a route, its destination.
 * @param flags RTCF_*
 * @param err what the lookup gave
 * @returns 0
 * @kernel PORT: part of ip_route_input_slow
 */
function local_input(
	skb: sk_buff,
	in_dev: in_device,
	res: fib_result,
	flags: number,
	err: number,
	do_cache: boolean,
): number {
	const { dev } = in_dev;
	do_cache &&= res.fi !== null;
	if (do_cache) {
		const rth = FIB_RES_NHC(res).nhc_rth_input;
		if (rt_cache_valid(rth)) {
			skb_dst_set_noref(skb, rth);
			return 0;
		}
	}
	const rth = rt_dst_alloc(
		l3mdev_master_dev_rcu(dev) ?? dev_net(dev).loopback_dev!,
		flags | RTCF_LOCAL,
		res.type,
		IN_DEV_CONF_GET(in_dev, IPV4_DEVCONF_NOPOLICY) !== 0,
		false,
	);
	rth.output = ip_rt_bug;
	rth.rt_is_input = 1;
	if (res.type === RTN_UNREACHABLE) {
		rth.input = ip_error;
		rth.error = -err;
		rth.rt_flags = (rth.rt_flags & ~RTCF_LOCAL) >>> 0;
	}
	if (do_cache) rt_cache_route(FIB_RES_NHC(res), rth);
	skb_dst_set(skb, rth);
	return 0;
}

/**
 * Finds the destination of a received packet that is not to a group.
 * @param daddr network order
 * @param saddr network order
 * @param res scratch of the caller
 * @returns 0 or a negative errno
 * @kernel net/ipv4/route.c:2082 (v5.10)
 */
function ip_route_input_slow(
	skb: sk_buff,
	daddr: __be32,
	saddr: __be32,
	tos: u8,
	dev: net_device,
	res: fib_result,
): number {
	const in_dev = __in_dev_get_rcu(dev);
	if (in_dev === null) return -EINVAL;
	const net = dev_net(dev);
	let err = -EINVAL;
	let do_cache = true;
	martian_source: {
		brd_input: {
			skb_dst_drop(skb);
			if (ipv4_is_multicast(saddr) || ipv4_is_lbcast(saddr)) break martian_source;
			res.fi = null;
			res.table = null;
			if (ipv4_is_lbcast(daddr) || (saddr === 0 && daddr === 0)) break brd_input;
			if (ipv4_is_zeronet(saddr)) break martian_source;
			if (ipv4_is_zeronet(daddr))
				return martian_destination(in_dev, daddr, saddr);
			if (ipv4_is_loopback(daddr)) {
				if (!IN_DEV_NET_ROUTE_LOCALNET(in_dev, net))
					return martian_destination(in_dev, daddr, saddr);
			} else if (ipv4_is_loopback(saddr)) {
				if (!IN_DEV_NET_ROUTE_LOCALNET(in_dev, net)) break martian_source;
			}

			const { fl4 } = input_scratch;
			fl4.clear();
			fl4.flowi4_iif = dev.ifindex;
			fl4.flowi4_mark = skb.mark;
			fl4.flowi4_tos = tos;
			fl4.daddr = daddr;
			fl4.saddr = saddr;
			fib4_rules_early_flow_dissect(net, skb, fl4);

			err = fib_lookup(net, fl4, res, 0);
			if (err === 0) {
				if (res.type === RTN_BROADCAST) {
					if (!IN_DEV_BFORWARD(in_dev)) {
						if (
							IPV4_DEVCONF_ALL(
								net,
								IPV4_DEVCONF_BC_FORWARDING,
							) !== 0
						)
							do_cache = false;
						break brd_input;
					}
					return ip_mkroute_input(
						skb,
						res,
						in_dev,
						daddr,
						saddr,
						tos,
					);
				}
				if (res.type === RTN_LOCAL) {
					err = fib_validate_source(
						skb,
						saddr,
						daddr,
						tos,
						0,
						dev,
						in_dev,
					);
					if (err < 0) break martian_source;
					return local_input(skb, in_dev, res, 0, err, do_cache);
				}
				if (IN_DEV_FORWARD(in_dev)) {
					if (res.type !== RTN_UNICAST)
						return martian_destination(in_dev, daddr, saddr);
					return ip_mkroute_input(
						skb,
						res,
						in_dev,
						daddr,
						saddr,
						tos,
					);
				}
			}
			/* no_route */
			if (!IN_DEV_FORWARD(in_dev)) err = -EHOSTUNREACH;
			res.type = RTN_UNREACHABLE;
			res.fi = null;
			res.table = null;
			return local_input(skb, in_dev, res, 0, err, do_cache);
		}
		if (skb.protocol !== htons(ETH_P_IP)) return -EINVAL;
		if (!ipv4_is_zeronet(saddr)) {
			err = fib_validate_source(skb, saddr, htonl(0), tos, 0, dev, in_dev);
			if (err < 0) break martian_source;
		}
		res.type = RTN_BROADCAST;
		return local_input(skb, in_dev, res, RTCF_BROADCAST, err, do_cache);
	}
	ip_handle_martian_source(dev, in_dev, skb, daddr, saddr);
	return err;
}

/**
 * Gives a received packet its destination, borrowed when it is a cached one.
 * @param daddr network order
 * @param saddr network order
 * @returns 0 or a negative errno
 * @kernel net/ipv4/route.c:2292 (v5.10)
 */
export function ip_route_input_noref(
	skb: sk_buff,
	daddr: __be32,
	saddr: __be32,
	tos: u8,
	dev: net_device,
): number {
	const { res } = input_scratch;
	return ip_route_input_rcu(skb, daddr, saddr, tos & IPTOS_RT_MASK, dev, res);
}

/**
 * Gives a received packet its destination.
 * @param daddr network order
 * @param saddr network order
 * @param res takes what the tables said
 * @returns 0 or a negative errno
 * @kernel net/ipv4/route.c:2308 (v5.10)
 */
export function ip_route_input_rcu(
	skb: sk_buff,
	daddr: __be32,
	saddr: __be32,
	tos: u8,
	dev: net_device,
	res: fib_result,
): number {
	if (ipv4_is_multicast(daddr)) {
		const in_dev = __in_dev_get_rcu(dev);
		if (in_dev === null) return -EINVAL;
		let our = ip_check_mc_rcu(in_dev, daddr);
		if (!our && netif_is_l3_slave(dev)) {
			const l3_in_dev = __in_dev_get_rcu(skb.dev!);
			if (l3_in_dev !== null) our = ip_check_mc_rcu(l3_in_dev, daddr);
		}
		return our ? ip_route_input_mc(skb, daddr, saddr, tos, dev, our) : -EINVAL;
	}
	return ip_route_input_slow(skb, daddr, saddr, tos, dev, res);
}

/**
 * Gives a packet of this host its route: the cached one, or a new one.
 * @param orig_oif device that was asked for
 * @param flags RTCF_*
 * @returns a referenced route or a negative errno
 * @kernel net/ipv4/route.c:2359 (v5.10)
 */
function __mkroute_output(
	res: fib_result,
	fl4: flowi4,
	orig_oif: number,
	dev_out: net_device,
	flags: number,
): rtable | number {
	let fi = res.fi;
	let type = res.type;
	const in_dev = __in_dev_get_rcu(dev_out);
	if (in_dev === null) return -EINVAL;
	if (
		!IN_DEV_ROUTE_LOCALNET(in_dev) &&
		ipv4_is_loopback(fl4.saddr) &&
		(dev_out.flags & IFF_LOOPBACK) === 0 &&
		!netif_is_l3_master(dev_out)
	)
		return -EINVAL;
	if (ipv4_is_lbcast(fl4.daddr)) type = RTN_BROADCAST;
	else if (ipv4_is_multicast(fl4.daddr)) type = RTN_MULTICAST;
	else if (ipv4_is_zeronet(fl4.daddr)) return -EINVAL;
	if ((dev_out.flags & IFF_LOOPBACK) !== 0) flags |= RTCF_LOCAL;

	let do_cache = true;
	if (type === RTN_BROADCAST) {
		flags |= RTCF_BROADCAST | RTCF_LOCAL;
		fi = null;
	} else if (type === RTN_MULTICAST) {
		flags |= RTCF_MULTICAST | RTCF_LOCAL;
		if (!ip_check_mc_rcu(in_dev, fl4.daddr)) flags &= ~RTCF_LOCAL;
		else do_cache = false;
		/* The default route tells the device of a group, not a gateway. */
		if (fi !== null && res.prefixlen < 4) fi = null;
	} else if (type === RTN_LOCAL && orig_oif !== 0 && orig_oif !== dev_out.ifindex) {
		/* A local route over an interface that was asked for keeps that interface. */
		do_cache = false;
	}

	let fnhe: fib_nh_exception | null = null;
	do_cache &&= fi !== null;
	if (fi !== null) {
		const nhc = FIB_RES_NHC(res);
		fnhe = find_exception(nhc, fl4.daddr);
		if (do_cache) {
			let cached: rtable | null = null;
			if (fnhe !== null) {
				cached = fnhe.fnhe_rth_output;
			} else if (
				(fl4.flowi4_flags & FLOWI_FLAG_KNOWN_NH) !== 0 &&
				!(nhc.nhc_gw_family !== 0 && nhc.nhc_scope === RT_SCOPE_LINK)
			) {
				do_cache = false;
			} else {
				cached = nhc.nhc_rth_output;
			}
			if (rt_cache_valid(cached) && dst_hold_safe(cached)) return cached;
		}
	}

	const rth = rt_dst_alloc(
		dev_out,
		flags,
		type,
		IN_DEV_CONF_GET(in_dev, IPV4_DEVCONF_NOPOLICY) !== 0,
		IN_DEV_CONF_GET(in_dev, IPV4_DEVCONF_NOXFRM) !== 0,
	);
	rth.rt_iif = orig_oif;
	if (
		(flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0 &&
		(flags & RTCF_LOCAL) !== 0 &&
		(dev_out.flags & IFF_LOOPBACK) === 0
	)
		rth.output = ipv4_stub.of(dev_out.machine).ip_mc_output ?? dst_discard_out;
	rt_set_nexthop(rth, fl4.daddr, res, fnhe, fi, do_cache);
	return rth;
}

/**
 * Finds a route for a packet of this host, IPsec left out.
 * @param fl4 gets the source address
 * @param skb packet whose header tells the flow among next hops, or null
 * @returns a referenced route or a negative errno
 * @kernel net/ipv4/route.c:2486 (v5.10)
 */
export function ip_route_output_key_hash(
	net: net,
	fl4: flowi4,
	skb: sk_buff | null,
): rtable | number {
	/* RT_FL_TOS() */
	const tos = fl4.flowi4_tos & (IPTOS_RT_MASK | RTO_ONLINK);
	const { res } = output_scratch.of(net.machine);
	res.clear();
	res.type = RTN_UNSPEC;
	fl4.flowi4_iif = LOOPBACK_IFINDEX;
	fl4.flowi4_tos = tos & IPTOS_RT_MASK;
	fl4.flowi4_scope = (tos & RTO_ONLINK) !== 0 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	return ip_route_output_key_hash_rcu(net, fl4, res, skb);
}

/**
 * Finds a route for a packet of this host.
 * @param fl4 gets the addresses and the device
 * @param res takes what the tables said
 * @param skb packet whose header tells the flow among next hops, or null
 * @returns a referenced route or a negative errno
 * @kernel net/ipv4/route.c:2511 (v5.10)
 */
export function ip_route_output_key_hash_rcu(
	net: net,
	fl4: flowi4,
	res: fib_result,
	skb: sk_buff | null,
): rtable | number {
	let orig_oif = fl4.flowi4_oif;
	let dev_out: net_device | null = null;
	if (fl4.saddr !== 0) {
		if (
			ipv4_is_multicast(fl4.saddr) ||
			ipv4_is_lbcast(fl4.saddr) ||
			ipv4_is_zeronet(fl4.saddr)
		)
			return -EINVAL;
		if (
			fl4.flowi4_oif === 0 &&
			(ipv4_is_multicast(fl4.daddr) || ipv4_is_lbcast(fl4.daddr))
		) {
			/* A source address chooses the device of groups and limited broadcast. */
			dev_out = __ip_dev_find(net, fl4.saddr, false);
			if (dev_out === null) return -ENETUNREACH;
			fl4.flowi4_oif = dev_out.ifindex;
			return __mkroute_output(res, fl4, orig_oif, dev_out, 0);
		}
		if (
			(fl4.flowi4_flags & FLOWI_FLAG_ANYSRC) === 0 &&
			__ip_dev_find(net, fl4.saddr, false) === null
		)
			return -ENETUNREACH;
	}

	if (fl4.flowi4_oif !== 0) {
		dev_out = dev_get_by_index_rcu(net, fl4.flowi4_oif);
		if (dev_out === null) return -ENODEV;
		if ((dev_out.flags & IFF_UP) === 0 || __in_dev_get_rcu(dev_out) === null)
			return -ENETUNREACH;
		if (
			ipv4_is_local_multicast(fl4.daddr) ||
			ipv4_is_lbcast(fl4.daddr) ||
			fl4.flowi4_proto === IPPROTO_IGMP
		) {
			if (fl4.saddr === 0)
				fl4.saddr = inet_select_addr(dev_out, htonl(0), RT_SCOPE_LINK);
			return __mkroute_output(res, fl4, orig_oif, dev_out, 0);
		}
		if (fl4.saddr === 0) {
			if (ipv4_is_multicast(fl4.daddr))
				fl4.saddr = inet_select_addr(dev_out, htonl(0), fl4.flowi4_scope);
			else if (fl4.daddr === 0)
				fl4.saddr = inet_select_addr(dev_out, htonl(0), RT_SCOPE_HOST);
		}
	}

	if (fl4.daddr === 0) {
		fl4.daddr = fl4.saddr;
		if (fl4.daddr === 0) fl4.daddr = fl4.saddr = htonl(INADDR_LOOPBACK);
		fl4.flowi4_oif = LOOPBACK_IFINDEX;
		res.type = RTN_LOCAL;
		return __mkroute_output(res, fl4, orig_oif, net.loopback_dev!, RTCF_LOCAL);
	}

	const err = fib_lookup(net, fl4, res, 0);
	if (err !== 0) {
		res.fi = null;
		res.table = null;
		if (
			fl4.flowi4_oif !== 0 &&
			dev_out !== null &&
			(ipv4_is_multicast(fl4.daddr) ||
				!netif_index_is_l3_master(net, fl4.flowi4_oif))
		) {
			/* Who names the device may send to it without a route: the destination is on its link. */
			if (fl4.saddr === 0)
				fl4.saddr = inet_select_addr(dev_out, htonl(0), RT_SCOPE_LINK);
			res.type = RTN_UNICAST;
			return __mkroute_output(res, fl4, orig_oif, dev_out, 0);
		}
		return err;
	}

	if (res.type === RTN_LOCAL) {
		if (fl4.saddr === 0)
			fl4.saddr = res.fi!.fib_prefsrc !== 0 ? res.fi!.fib_prefsrc : fl4.daddr;
		dev_out = l3mdev_master_dev_rcu(FIB_RES_DEV(res)) ?? net.loopback_dev!;
		orig_oif = FIB_RES_OIF(res);
		fl4.flowi4_oif = dev_out.ifindex;
		return __mkroute_output(res, fl4, orig_oif, dev_out, RTCF_LOCAL);
	}

	fib_select_path(net, res, fl4, skb);
	return __mkroute_output(res, fl4, orig_oif, FIB_RES_DEV(res)!, 0);
}

/**
 * Does nothing; of blackhole routes.
 * @kernel PORT: ipv4_rt_blackhole_update_pmtu and ipv4_rt_blackhole_redirect
 */
function ipv4_rt_blackhole_nothing(): void {
	/* nothing */
}

/** Operations of a route that drops. */
const ipv4_dst_blackhole_ops: dst_ops = {
	family: AF_INET,
	check: dst_blackhole_check,
	mtu: dst_blackhole_mtu,
	default_advmss: ipv4_default_advmss,
	update_pmtu: ipv4_rt_blackhole_nothing,
	redirect: ipv4_rt_blackhole_nothing,
	neigh_lookup: ipv4_neigh_lookup,
};

/** Operations of IPv4 routes. */
export const ipv4_dst_ops = machine_var((m): dst_ops => {
	const stub = ipv4_stub.of(m);
	return {
		family: AF_INET,
		check: ipv4_dst_check,
		default_advmss: ipv4_default_advmss,
		mtu: ipv4_mtu,
		destroy: ipv4_dst_destroy,
		negative_advice: ipv4_negative_advice,
		link_failure: ipv4_link_failure,
		update_pmtu: ip_rt_update_pmtu,
		redirect: ip_do_redirect,
		local_out: (net, sk, skb) =>
			stub.__ip_local_out !== null
				? stub.__ip_local_out(net, sk, skb)
				: dst_discard_out(net, sk, skb),
		neigh_lookup: ipv4_neigh_lookup,
		confirm_neigh: ipv4_confirm_neigh,
	};
});

/**
 * Makes a copy of a route that drops what is sent, until IPsec has what it needs.
 * @param dst_orig its reference is taken over
 * @returns a referenced route
 * @kernel net/ipv4/route.c:2722 (v5.10)
 */
export function ipv4_blackhole_route(net: net, dst_orig: dst_entry): dst_entry {
	const ort = dst_orig as rtable;
	const dev = net.loopback_dev;
	const rt = new rtable(
		ipv4_dst_blackhole_ops,
		dev,
		dst_default_metrics,
		dst_discard,
		dst_discard_out,
	);
	dst_init(rt, ipv4_dst_blackhole_ops, dev, 1, DST_OBSOLETE_DEAD, 0);
	rt.__use = 1;
	rt.rt_is_input = ort.rt_is_input;
	rt.rt_iif = ort.rt_iif;
	rt.rt_pmtu = ort.rt_pmtu;
	rt.rt_mtu_locked = ort.rt_mtu_locked;
	rt.rt_genid = net.ipv4.rt_genid;
	rt.rt_flags = ort.rt_flags;
	rt.rt_type = ort.rt_type;
	rt.rt_uses_gateway = ort.rt_uses_gateway;
	rt.rt_gw_family = ort.rt_gw_family;
	rt.rt_gw4 = ort.rt_gw4;
	rt.rt_gw6 = ort.rt_gw6;
	dst_release(dst_orig);
	return rt;
}

/**
 * Finds a route for a packet of this host, and the IPsec bundle over it when the protocol is known.
 * @param flp4 gets the source address and the device
 * @param sk socket whose policies count first, or null
 * @returns a referenced route or a negative errno
 * @kernel net/ipv4/route.c:2762 (v5.10)
 */
export function ip_route_output_flow(net: net, flp4: flowi4, sk: sock | null): rtable | number {
	const rt = __ip_route_output_key(net, flp4);
	if (IS_ERR(rt)) return rt;
	if (flp4.flowi4_proto !== 0) {
		flp4.flowi4_oif = rt.dev!.ifindex;
		const xfrm = xfrm_lookup_ops.of(net.machine).fn;
		if (xfrm !== null)
			return xfrm.xfrm_lookup_route(net, rt, flowi4_to_flowi(flp4), sk, 0) as
				rtable | number;
	}
	return rt;
}

/**
 * Describes a route.
 * @param dst network order
 * @param src network order, 0 for none
 * @param fl4 key it was looked up by, or null
 * @param doredirect the sender would get a redirect
 * @param flags NLM_F_*
 * @kernel net/ipv4/route.c:2830 (v5.10)
 */
function rt_fill_info(
	net: net,
	dst: __be32,
	src: __be32,
	rt: rtable,
	table_id: u32,
	fl4: flowi4 | null,
	doredirect: boolean,
	flags: number,
): rtmsg_msg {
	const m = net.machine;
	const r = new rtmsg_msg(RTM_NEWROUTE, flags);
	const tb = r.tb;
	r.rtm_family = AF_INET;
	r.rtm_dst_len = 32;
	r.rtm_src_len = 0;
	r.rtm_tos = fl4 !== null ? fl4.flowi4_tos : 0;
	r.rtm_table = table_id < 256 ? table_id : RT_TABLE_COMPAT;
	nla_put_u32(tb, RTA_TABLE, table_id);
	r.rtm_type = rt.rt_type;
	r.rtm_scope = RT_SCOPE_UNIVERSE;
	r.rtm_protocol = RTPROT_UNSPEC;
	r.rtm_flags = ((rt.rt_flags & ~0xffff) | RTM_F_CLONED) >>> 0;
	if ((rt.rt_flags & RTCF_NOTIFY) !== 0) r.rtm_flags = (r.rtm_flags | RTM_F_NOTIFY) >>> 0;
	if (doredirect) r.rtm_flags = (r.rtm_flags | RTCF_DOREDIRECT) >>> 0;
	nla_put_u32(tb, RTA_DST, ntohl(dst));
	if (src !== 0) {
		r.rtm_src_len = 32;
		nla_put_u32(tb, RTA_SRC, ntohl(src));
	}
	if (rt.dev !== null) nla_put_u32(tb, RTA_OIF, rt.dev.ifindex);
	if (fl4 !== null && !rt_is_input_route(rt) && fl4.saddr !== src)
		nla_put_u32(tb, RTA_PREFSRC, ntohl(fl4.saddr));
	if (rt.rt_uses_gateway !== 0) {
		if (rt.rt_gw_family === AF_INET) {
			nla_put_u32(tb, RTA_GATEWAY, ntohl(rt.rt_gw4));
		} else if (rt.rt_gw_family === AF_INET6) {
			const via = nla_nest_start(tb, RTA_VIA);
			via.set(RTVIA_FAMILY, AF_INET6);
			via.set(RTVIA_ADDR, rt.rt_gw6!.slice());
		}
	}
	let { expires } = rt;
	if (expires !== 0) expires = time_before(m.jiffies, expires) ? expires - m.jiffies : 0;
	const metrics = rt._metrics.slice();
	if (rt.rt_pmtu !== 0 && expires !== 0) metrics[RTAX_MTU - 1] = rt.rt_pmtu;
	if (rt.rt_mtu_locked && expires !== 0) metrics[RTAX_LOCK - 1] |= 1 << RTAX_MTU;
	rtnetlink_put_metrics(tb, metrics);
	if (fl4 !== null) {
		if (fl4.flowi4_mark !== 0) nla_put_u32(tb, RTA_MARK, fl4.flowi4_mark);
		if (fl4.flowi4_uid !== INVALID_UID) nla_put_u32(tb, RTA_UID, fl4.flowi4_uid);
		if (rt_is_input_route(rt)) nla_put_u32(tb, RTA_IIF, fl4.flowi4_iif);
	}
	rtnl_put_cacheinfo(tb, m, rt, 0, expires, rt.error);
	return r;
}

/**
 * Dumps the exceptions of a next hop that have routes.
 * @kernel net/ipv4/route.c:2964 (v5.10)
 */
function fnhe_dump_bucket(
	net: net,
	table_id: u32,
	bucket: readonly (fib_nh_exception | null)[],
	genid: number,
	flags: number,
	out: nlmsg[],
): void {
	const now = net.machine.jiffies;
	for (const chain of bucket) {
		for (let fnhe = chain; fnhe !== null; fnhe = fnhe.fnhe_next) {
			if (fnhe.fnhe_genid !== genid) continue;
			if (fnhe.fnhe_expires !== 0 && time_after(now, fnhe.fnhe_expires)) continue;
			const rt = fnhe.fnhe_rth_input ?? fnhe.fnhe_rth_output;
			if (rt === null) continue;
			const dst = fnhe.fnhe_daddr;
			out.push(
				rt_fill_info(net, dst, htonl(0), rt, table_id, null, false, flags),
			);
		}
	}
}

/**
 * Dumps what was learnt about destinations behind a route's next hops.
 * @param flags NLM_F_*
 * @kernel net/ipv4/route.c:3009 (v5.10)
 */
export function fib_dump_info_fnhe(
	net: net,
	table_id: u32,
	fi: fib_info,
	flags: number,
	out: nlmsg[],
): void {
	const genid = net.ipv4.fnhe_genid;
	for (let nhsel = 0; nhsel < fib_info_num_path(fi); nhsel++) {
		const nhc = fib_info_nhc(fi, nhsel);
		if ((nhc.nhc_flags & RTNH_F_DEAD) !== 0) continue;
		if (nhc.nhc_exceptions !== null)
			fnhe_dump_bucket(net, table_id, nhc.nhc_exceptions, genid, flags, out);
	}
}

/**
 * Makes a packet that goes through the lookup of a request.
 * @param src network order
 * @param dst network order
 * @param sport network order
 * @param dport network order
 * @kernel net/ipv4/route.c:3039 (v5.10)
 */
function inet_rtm_getroute_build_skb(
	m: Machine,
	src: __be32,
	dst: __be32,
	ip_proto: u8,
	sport: __be16,
	dport: __be16,
): sk_buff {
	const skb = alloc_skb(m, IPHDR_LEN + TCPHDR_LEN);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb.protocol = htons(ETH_P_IP);
	const iph = skb_put(skb, IPHDR_LEN);
	const head = skb.head;
	head.fill(0, iph, iph + IPHDR_LEN);
	head[iph] = 0x45;
	head[iph + IPHDR_protocol] = ip_proto;
	put_unaligned_be32(ntohl(src), head, iph + IPHDR_saddr);
	put_unaligned_be32(ntohl(dst), head, iph + IPHDR_daddr);
	skb_set_transport_header(skb, skb.len);
	switch (ip_proto) {
		case IPPROTO_UDP: {
			const udph = skb_put(skb, UDPHDR_LEN);
			head.fill(0, udph, udph + UDPHDR_LEN);
			put_unaligned_be16(ntohs(sport), head, udph + UDPHDR_source);
			put_unaligned_be16(ntohs(dport), head, udph + UDPHDR_dest);
			put_unaligned_be16(UDPHDR_LEN, head, udph + UDPHDR_len);
			break;
		}
		case IPPROTO_TCP: {
			const tcph = skb_put(skb, TCPHDR_LEN);
			head.fill(0, tcph, tcph + TCPHDR_LEN);
			put_unaligned_be16(ntohs(sport), head, tcph + TCPHDR_source);
			put_unaligned_be16(ntohs(dport), head, tcph + TCPHDR_dest);
			head[tcph + TCPHDR_flags] = TCPHDR_RST;
			break;
		}
		case IPPROTO_ICMP: {
			const icmph = skb_put(skb, ICMPHDR_LEN);
			head.fill(0, icmph, icmph + ICMPHDR_LEN);
			head[icmph + ICMPHDR_type] = ICMP_ECHO;
			break;
		}
		default:
			break;
	}
	return skb;
}

/**
 * Checks a request for a route.
 * @returns 0 or -EINVAL
 * @kernel net/ipv4/route.c:3100 (v5.10)
 */
function inet_rtm_valid_getroute_req(nlh: nlmsg, extack: netlink_ext_ack | null): number {
	if (!(nlh instanceof rtmsg_msg)) {
		NL_SET_ERR_MSG(extack, 'ipv4: Invalid header for route get request');
		return -EINVAL;
	}
	if (
		(nlh.rtm_src_len !== 0 && nlh.rtm_src_len !== 32) ||
		(nlh.rtm_dst_len !== 0 && nlh.rtm_dst_len !== 32) ||
		nlh.rtm_table !== 0 ||
		nlh.rtm_protocol !== 0 ||
		nlh.rtm_scope !== 0 ||
		nlh.rtm_type !== 0
	) {
		NL_SET_ERR_MSG(extack, 'ipv4: Invalid values in header for route get request');
		return -EINVAL;
	}
	if ((nlh.rtm_flags & ~(RTM_F_NOTIFY | RTM_F_LOOKUP_TABLE | RTM_F_FIB_MATCH)) !== 0) {
		NL_SET_ERR_MSG(extack, 'ipv4: Unsupported rtm_flags for route get request');
		return -EINVAL;
	}
	if (
		(nlh.tb.has(RTA_SRC) && nlh.rtm_src_len === 0) ||
		(nlh.tb.has(RTA_DST) && nlh.rtm_dst_len === 0)
	) {
		NL_SET_ERR_MSG(extack, 'ipv4: rtm_src_len and rtm_dst_len must be 32 for IPv4');
		return -EINVAL;
	}
	for (const i of nlh.tb.keys()) {
		switch (i) {
			case RTA_IIF:
			case RTA_OIF:
			case RTA_SRC:
			case RTA_DST:
			case RTA_IP_PROTO:
			case RTA_SPORT:
			case RTA_DPORT:
			case RTA_MARK:
			case RTA_UID:
				break;
			default:
				NL_SET_ERR_MSG(
					extack,
					'ipv4: Unsupported attribute in route get request',
				);
				return -EINVAL;
		}
	}
	return 0;
}

/**
 * Is a protocol one that `ip route get` may name?
 * @returns 0 or -EOPNOTSUPP
 * @kernel PORT: net/ipv4/netlink.c rtm_getroute_parse_ip_proto for IPv4
 */
function rtm_getroute_parse_ip_proto(ip_proto: u8, extack: netlink_ext_ack | null): number {
	if (ip_proto === IPPROTO_TCP || ip_proto === IPPROTO_UDP || ip_proto === IPPROTO_ICMP)
		return 0;
	NL_SET_ERR_MSG(extack, 'Unsupported ip proto');
	return -EOPNOTSUPP;
}

/**
 * The route of a table that answered a request.
 * @returns the message or a negative errno
 * @kernel PORT: part of inet_rtm_getroute
 */
function getroute_fib_match(
	res: fib_result,
	rt: rtable,
	table_id: u32,
	tos: u8,
): rtmsg_msg | number {
	if (res.fi === null) {
		const err = fib_props[res.type].error;
		return err !== 0 ? err : -EHOSTUNREACH;
	}
	const fri = new fib_rt_info(res.fi);
	fri.tb_id = table_id;
	fri.dst = htonl(res.prefix);
	fri.dst_len = res.prefixlen;
	fri.tos = tos;
	fri.type = rt.rt_type;
	for (let fa = res.fa_head?.first ?? null; fa !== null; fa = fa.fa_next) {
		if (
			fa.fa_slen === 32 - fri.dst_len &&
			fa.tb_id === fri.tb_id &&
			fa.fa_tos === fri.tos &&
			fa.fa_info === res.fi &&
			fa.fa_type === fri.type
		) {
			fri.offload = fa.offload;
			fri.trap = fa.trap;
			break;
		}
	}
	return fib_dump_info(RTM_NEWROUTE, fri, 0);
}

/**
 * RTM_GETROUTE: the route that a packet would take.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/route.c:3169 (v5.10)
 */
function inet_rtm_getroute(
	net: net,
	nlh: nlmsg,
	extack: netlink_ext_ack | null,
	reply: nlmsg[],
): number {
	let err = inet_rtm_valid_getroute_req(nlh, extack);
	if (err < 0) return err;
	const rtm = nlh as rtmsg_msg;
	const { tb } = rtm;
	const src = nla_get_in_addr(tb, RTA_SRC) ?? htonl(0);
	const dst = nla_get_in_addr(tb, RTA_DST) ?? htonl(0);
	const iif = nla_get_u32(tb, RTA_IIF) ?? 0;
	const mark = nla_get_u32(tb, RTA_MARK) ?? 0;
	const uid = nla_get_u32(tb, RTA_UID) ?? (iif !== 0 ? INVALID_UID : 0);
	const ip_proto = nla_get_u8(tb, RTA_IP_PROTO) ?? IPPROTO_UDP;
	if (tb.has(RTA_IP_PROTO)) {
		err = rtm_getroute_parse_ip_proto(ip_proto, extack);
		if (err !== 0) return err;
	}
	const sport = htons(nla_get_u16(tb, RTA_SPORT) ?? 0);
	const dport = htons(nla_get_u16(tb, RTA_DPORT) ?? 0);
	const tos = rtm.rtm_tos & IPTOS_RT_MASK;
	const fl4 = new flowi4();
	fl4.daddr = dst;
	fl4.saddr = src;
	fl4.flowi4_tos = tos;
	fl4.flowi4_oif = nla_get_u32(tb, RTA_OIF) ?? 0;
	fl4.flowi4_mark = mark;
	fl4.flowi4_uid = uid;
	fl4.fl4_sport = sport;
	fl4.fl4_dport = dport;
	fl4.flowi4_proto = ip_proto;

	const res = new fib_result();
	const skb = inet_rtm_getroute_build_skb(net.machine, src, dst, ip_proto, sport, dport);
	errout: {
		let rt: rtable;
		if (iif !== 0) {
			const dev = dev_get_by_index_rcu(net, iif);
			if (dev === null) {
				err = -ENODEV;
				break errout;
			}
			fl4.flowi4_iif = iif;
			skb.dev = dev;
			skb.mark = mark;
			err = ip_route_input_rcu(skb, dst, src, tos, dev, res);
			if (err !== 0) break errout;
			rt = skb._dst as rtable;
			if (rt.error !== 0) {
				err = -rt.error;
				break errout;
			}
		} else {
			fl4.flowi4_iif = LOOPBACK_IFINDEX;
			skb.dev = net.loopback_dev;
			const out = ip_route_output_key_hash_rcu(net, fl4, res, skb);
			if (IS_ERR(out)) {
				err = out;
				break errout;
			}
			rt = out;
			skb_dst_set(skb, rt);
		}
		if ((rtm.rtm_flags & RTM_F_NOTIFY) !== 0)
			rt.rt_flags = (rt.rt_flags | RTCF_NOTIFY) >>> 0;
		let table_id = RT_TABLE_MAIN;
		if ((rtm.rtm_flags & RTM_F_LOOKUP_TABLE) !== 0)
			table_id = res.table !== null ? res.table.tb_id : 0;
		if ((rtm.rtm_flags & RTM_F_FIB_MATCH) !== 0) {
			const msg = getroute_fib_match(res, rt, table_id, fl4.flowi4_tos);
			if (IS_ERR(msg)) err = msg;
			else reply.push(msg);
		} else {
			const doredirect = (IPCB(skb).flags & IPSKB_DOREDIRECT) !== 0;
			reply.push(rt_fill_info(net, dst, src, rt, table_id, fl4, doredirect, 0));
		}
	}
	kfree_skb(skb);
	return err;
}

/**
 * Membership in a group changed on a device.
 * @kernel net/ipv4/route.c:3335 (v5.10)
 */
export function ip_rt_multicast_event(in_dev: in_device): void {
	rt_cache_flush(dev_net(in_dev.dev));
}

/**
 * Settings of all namespaces, which only the first one shows.
 * @kernel PORT: the array ipv4_route_table
 */
function ipv4_route_table(m: Machine): ctl_table[] {
	const s = ip_rt.of(m);
	/* What is kept for its own sake: no cache is left to tune. */
	const plain = (procname: string, key: keyof ip_rt_settings, min?: number): ctl_table =>
		proc_dointvec(
			procname,
			() => s[key],
			(v) => {
				s[key] = v;
			},
			min,
		);
	const jiffies = (procname: string, key: keyof ip_rt_settings): ctl_table =>
		proc_dointvec_jiffies(
			procname,
			() => s[key],
			(v) => {
				s[key] = v;
			},
			HZ,
		);
	return [
		plain('gc_thresh', 'gc_thresh'),
		plain('max_size', 'max_size'),
		jiffies('gc_min_interval', 'gc_min_interval'),
		plain('gc_min_interval_ms', 'gc_min_interval'),
		jiffies('gc_timeout', 'gc_timeout'),
		jiffies('gc_interval', 'gc_interval'),
		plain('redirect_load', 'redirect_load'),
		plain('redirect_number', 'redirect_number'),
		plain('redirect_silence', 'redirect_silence'),
		plain('error_cost', 'error_cost'),
		plain('error_burst', 'error_burst'),
		plain('gc_elasticity', 'gc_elasticity'),
		jiffies('mtu_expires', 'mtu_expires'),
		plain('min_pmtu', 'min_pmtu', IPV4_MIN_MTU),
		plain('min_adv_mss', 'min_advmss'),
	];
}

/**
 * A namespace comes: its sysctls. PORT: ip_static_sysctl_init() is the part for the first one.
 * @returns 0
 * @kernel net/ipv4/route.c:3484 (v5.10)
 */
function sysctl_route_net_init(net: net): number {
	const flush: ctl_table = {
		procname: 'flush',
		mode: 0o200,
		show: () => '',
		store: () => {
			rt_cache_flush(net);
			net.ipv4.fnhe_genid++;
			return 0;
		},
	};
	const table =
		net === net.machine.init_net ? [flush, ...ipv4_route_table(net.machine)] : [flush];
	net.ipv4.route_hdr = register_net_sysctl(net, 'net/ipv4/route', table);
	return 0;
}

/**
 * A namespace goes: its sysctls.
 * @kernel net/ipv4/route.c:3514 (v5.10)
 */
function sysctl_route_net_exit(net: net): void {
	if (net.ipv4.route_hdr !== null) unregister_net_sysctl_table(net.ipv4.route_hdr);
	net.ipv4.route_hdr = null;
}

/**
 * A namespace comes: its generation counts.
 * @returns 0
 * @kernel net/ipv4/route.c:3530 (v5.10)
 */
function rt_genid_init(net: net): number {
	net.ipv4.rt_genid = 0;
	net.ipv4.fnhe_genid = 0;
	net.ipv4.dev_addr_genid = net.machine.random_u32();
	return 0;
}

/**
 * A namespace comes: what it remembers of hosts.
 * @returns 0
 * @kernel net/ipv4/route.c:3542 (v5.10)
 */
function ipv4_inetpeer_init(net: net): number {
	const bp = new inet_peer_base();
	inet_peer_base_init(bp);
	net.ipv4.peers = bp;
	return 0;
}

/**
 * A namespace goes: what it remembers of hosts.
 * @kernel net/ipv4/route.c:3553 (v5.10)
 */
function ipv4_inetpeer_exit(net: net): void {
	const bp = net.ipv4.peers;
	net.ipv4.peers = null;
	if (bp !== null) inetpeer_invalidate_tree(net.machine, bp);
}

/**
 * Starts IPv4 routing on a machine: addresses, tables, routes.
 * @returns 0
 * @kernel net/ipv4/route.c:3571 (v5.10)
 */
export function ip_rt_init(m: Machine): number {
	const stub = ipv4_stub.of(m);
	stub.fib_multipath_hash = fib_multipath_hash;
	stub.rt_flush_dev = rt_flush_dev;
	stub.fib_dump_info_fnhe = fib_dump_info_fnhe;

	devinet_init(m);
	ip_fib_init(m);
	rtnl_register(m, PF_INET, RTM_GETROUTE, inet_rtm_getroute, null);
	register_pernet_subsys(m, { init: sysctl_route_net_init, exit: sysctl_route_net_exit });
	register_pernet_subsys(m, { init: rt_genid_init });
	register_pernet_subsys(m, { init: ipv4_inetpeer_init, exit: ipv4_inetpeer_exit });
	return 0;
}
