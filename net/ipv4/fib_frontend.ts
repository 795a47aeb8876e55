// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/fib_frontend.c, base v5.10: the routing tables as others see them: address types, the check of source
 * addresses, netlink, and the routes that devices and addresses bring along.
 *
 * PORT: keys and answers of lookups on the packet path are scratch objects of the machine; lookups do not nest. fib_get_table()
 * stands in include/net/ip_fib.ts, fib_gw_from_via() in fib_semantics.ts, fib_info_nh_uses_dev() in fib_trie.ts, which are
 * below this file.
 * Not ported: ioctls, the fib lookup socket, realms, /proc, notifiers for hardware, lightweight tunnels.
 */
import { type Machine, machine_var } from '../../include/linux/machine.ts';
import {
	get_unaligned_be16,
	get_unaligned_be32,
	htonl,
	htons,
	ntohl,
} from '../../include/linux/byteorder/generic.ts';
import { ipv4_is_lbcast, ipv4_is_multicast, ipv4_is_zeronet } from '../../include/linux/in.ts';
import {
	IN_DEV_ACCEPT_LOCAL,
	IN_DEV_RPFILTER,
	IN_DEV_SRC_VMARK,
	IN_DEV_TX_REDIRECTS,
	type in_device,
	type in_ifaddr,
	inet_ifa_match,
} from '../../include/linux/inetdevice.ts';
import {
	dev_net,
	type net_device,
	NETDEV_CHANGE,
	NETDEV_CHANGEMTU,
	NETDEV_CHANGEUPPER,
	NETDEV_DOWN,
	netdev_notifier_changeupper_info,
	netdev_notifier_info_ext,
	type netdev_notifier_info,
	netdev_notifier_info_to_dev,
	NETDEV_UNREGISTER,
	NETDEV_UP,
	netif_is_l3_master,
} from '../../include/linux/netdevice.ts';
import { type netlink_ext_ack, NL_SET_ERR_MSG } from '../../include/linux/netlink.ts';
import { NOTIFY_DONE } from '../../include/linux/notifier.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { AF_INET, PF_INET } from '../../include/linux/socket.ts';
import type { __be32, u32, u8 } from '../../include/linux/types.ts';
import { FIB_LOOKUP_IGNORE_LINKSTATE, FIB_LOOKUP_NOREF } from '../../include/net/fib_rules.ts';
import { flowi4 } from '../../include/net/flow.ts';
import {
	fib4_has_custom_rules,
	fib_config,
	fib_dump_filter,
	fib_get_table,
	FIB_RES_NHC,
	fib_result,
	FIB_TABLE_HASHSZ,
	type fib_table,
} from '../../include/net/ip_fib.ts';
import { ipv4_stub } from '../../include/net/ipv4_stubs.ts';
import { l3mdev_fib_table, l3mdev_master_ifindex_rcu } from '../../include/net/l3mdev.ts';
import { LOOPBACK_IFINDEX, type net } from '../../include/net/net_namespace.ts';
import {
	nla_get_u32,
	nla_nested_list,
	nla_parse_nested,
	NLM_F_APPEND,
	NLM_F_CREATE,
	type nlmsg,
} from '../../include/net/netlink.ts';
import {
	RTCF_BROADCAST,
	RTCF_LOCAL,
	RTCF_MULTICAST,
	type rtable,
} from '../../include/net/route.ts';
import { EINVAL, ENODEV, ENOENT, ESRCH, EXDEV } from '../../include/uapi/linux/errno.ts';
import { IFF_LOOPBACK, IFF_LOWER_UP, IFF_RUNNING, IFF_UP } from '../../include/uapi/linux/if.ts';
import { ETH_P_IP } from '../../include/uapi/linux/if_ether.ts';
import { IFA_F_NOPREFIXROUTE, IFA_F_SECONDARY } from '../../include/uapi/linux/if_addr.ts';
import {
	IPPROTO_DCCP,
	IPPROTO_SCTP,
	IPPROTO_TCP,
	IPPROTO_UDP,
	IPPROTO_UDPLITE,
} from '../../include/uapi/linux/in.ts';
import {
	IPHDR_daddr,
	IPHDR_frag_off,
	IPHDR_protocol,
	IPHDR_saddr,
	IPHDR_tos,
	IPTOS_RT_MASK,
} from '../../include/uapi/linux/ip.ts';
import {
	RT_SCOPE_HOST,
	RT_SCOPE_LINK,
	RT_SCOPE_UNIVERSE,
	RT_TABLE_DEFAULT,
	RT_TABLE_LOCAL,
	RT_TABLE_MAIN,
	RTA_DST,
	RTA_FLOW,
	RTA_GATEWAY,
	RTA_METRICS,
	RTA_MULTIPATH,
	RTA_NH_ID,
	RTA_OIF,
	RTA_PREFSRC,
	RTA_PRIORITY,
	RTA_TABLE,
	RTA_VIA,
	RTM_DELROUTE,
	RTM_F_CLONED,
	RTM_F_PREFIX,
	RTM_GETROUTE,
	RTM_NEWROUTE,
	rtmsg_msg,
	RTN_BROADCAST,
	RTN_LOCAL,
	RTN_MAX,
	RTN_MULTICAST,
	RTN_UNICAST,
	RTNH_F_DEAD,
	RTNH_F_LINKDOWN,
	RTPROT_KERNEL,
} from '../../include/uapi/linux/rtnetlink.ts';
import { __dev_get_by_index, dev_get_flags, register_netdevice_notifier } from '../core/dev.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import { rtnl_msg_family, rtnl_register } from '../core/rtnetlink.ts';
import { skb_header_pointer_off } from '../core/skbuff.ts';
import {
	inet_ifa_byprefix,
	inet_lookup_ifaddr_rcu,
	inet_select_addr,
	nla_get_in_addr,
	register_inetaddr_notifier,
} from './devinet.ts';
import { fib4_rules_exit, fib4_rules_init, fib_lookup } from './fib_rules.ts';
import {
	fib_gw_from_via,
	fib_info_nhc,
	fib_result_prefsrc,
	fib_sync_down_addr,
	fib_sync_down_dev,
	fib_sync_mtu,
	fib_sync_up,
} from './fib_semantics.ts';
import {
	fib_free_table,
	fib_info_nh_uses_dev,
	fib_table_delete,
	fib_table_dump,
	fib_table_flush,
	fib_table_flush_external,
	fib_table_insert,
	fib_trie_table,
	fib_trie_unmerge,
} from './fib_trie.ts';

export { ip_dev_find } from './devinet.ts';

/** Key and answer of a lookup. */
class lookup_scratch {
	readonly fl4 = new flowi4();
	readonly res = new fib_result();
}

const validate_scratch = machine_var(() => new lookup_scratch());
const addr_type_scratch = machine_var(() => new lookup_scratch());

/**
 * Makes cached routes of a namespace stale.
 * @kernel PORT: include/net/net_namespace.h rt_genid_bump_ipv4, which is all that rt_cache_flush() does
 */
function rt_cache_flush(net: net): void {
	net.ipv4.rt_genid++;
}

/**
 * Reads a packet's ports for rules that ask for them.
 * @param fl4 takes protocol and ports
 * @returns false when no rule asks
 * @kernel PORT: inline of include/net/ip_fib.h:415, include/ does not import net/; the flow dissector is not ported: IPv4 packets
 * have their ports behind the header
 */
export function fib4_rules_early_flow_dissect(net: net, skb: sk_buff, fl4: flowi4): boolean {
	if (net.ipv4.fib_rules_require_fldissect === 0) return false;
	if (skb.protocol !== ETH_P_IP) {
		fl4.fl4_sport = htons(0);
		fl4.fl4_dport = htons(0);
		fl4.flowi4_proto = 0;
		return true;
	}
	const iph = skb.network_header;
	const proto = skb.head[iph + IPHDR_protocol];
	let sport = htons(0);
	let dport = htons(0);
	const frag = get_unaligned_be16(skb.head, iph + IPHDR_frag_off) & 0x3fff;
	const has_ports =
		proto === IPPROTO_TCP ||
		proto === IPPROTO_UDP ||
		proto === IPPROTO_DCCP ||
		proto === IPPROTO_SCTP ||
		proto === IPPROTO_UDPLITE;
	if (frag === 0 && has_ports) {
		const off = iph - skb.data + (skb.head[iph] & 0x0f) * 4;
		const p = skb_header_pointer_off(skb, off, 4);
		if (p >= 0) {
			sport = get_unaligned_be16(skb.head, p);
			dport = get_unaligned_be16(skb.head, p + 2);
		}
	}
	fl4.fl4_sport = sport;
	fl4.fl4_dport = dport;
	fl4.flowi4_proto = proto;
	return true;
}

/**
 * Finds a table or makes it. Local shares main's trie until there are rules.
 * @param id RT_TABLE_*, 0 for main
 * @kernel net/ipv4/fib_frontend.c:75 (v5.10)
 */
export function fib_new_table(net: net, id: u32): fib_table {
	if (id === 0) id = RT_TABLE_MAIN;
	const there = fib_get_table(net, id);
	if (there !== null) return there;
	let alias: fib_table | null = null;
	if (id === RT_TABLE_LOCAL && !net.ipv4.fib_has_custom_rules)
		alias = fib_new_table(net, RT_TABLE_MAIN);
	const tb = fib_trie_table(net.machine, id, alias);
	if (id === RT_TABLE_MAIN) net.ipv4.fib_main = tb;
	else if (id === RT_TABLE_DEFAULT) net.ipv4.fib_default = tb;
	const h = id & (FIB_TABLE_HASHSZ - 1);
	net.ipv4.fib_table_hash[h]?.unshift(tb);
	return tb;
}

/**
 * Puts a table in another's place.
 * @kernel net/ipv4/fib_frontend.c:131 (v5.10)
 */
function fib_replace_table(net: net, old: fib_table, new_: fib_table): void {
	if (new_.tb_id === RT_TABLE_MAIN) net.ipv4.fib_main = new_;
	else if (new_.tb_id === RT_TABLE_DEFAULT) net.ipv4.fib_default = new_;
	const head = net.ipv4.fib_table_hash[old.tb_id & (FIB_TABLE_HASHSZ - 1)];
	head[head.indexOf(old)] = new_;
}

/**
 * Separates the local from the main table.
 * @returns 0
 * @kernel net/ipv4/fib_frontend.c:151 (v5.10)
 */
export function fib_unmerge(net: net): number {
	const old = fib_get_table(net, RT_TABLE_LOCAL);
	if (old === null) return 0;
	const new_ = fib_trie_unmerge(net.machine, old);
	if (new_ === old) return 0;
	fib_replace_table(net, old, new_);
	fib_free_table(old);
	const main_table = fib_get_table(net, RT_TABLE_MAIN);
	if (main_table === null) return 0;
	fib_table_flush_external(main_table);
	return 0;
}

/**
 * Removes the routes that died from all tables.
 * @kernel net/ipv4/fib_frontend.c:183 (v5.10)
 */
export function fib_flush(net: net): void {
	let flushed = 0;
	for (const head of net.ipv4.fib_table_hash)
		for (const tb of head) flushed += fib_table_flush(net, tb, false);
	if (flushed !== 0) rt_cache_flush(net);
}

/**
 * Type of an address: local, broadcast, multicast, or someone else's.
 * @param dev counts only when the route goes through it; null for any
 * @param addr network order
 * @param tb_id table to look in
 * @returns RTN_*
 * @kernel net/ipv4/fib_frontend.c:205 (v5.10)
 */
function __inet_dev_addr_type(
	net: net,
	dev: net_device | null,
	addr: __be32,
	tb_id: u32,
): number {
	let ret = RTN_BROADCAST;
	if (ipv4_is_zeronet(addr) || ipv4_is_lbcast(addr)) return RTN_BROADCAST;
	if (ipv4_is_multicast(addr)) return RTN_MULTICAST;
	const table = fib_get_table(net, tb_id);
	if (table !== null) {
		const { fl4, res } = addr_type_scratch.of(net.machine);
		fl4.clear();
		fl4.daddr = addr;
		ret = RTN_UNICAST;
		if (table.tb_lookup(table, fl4, res, FIB_LOOKUP_NOREF) === 0) {
			const nhc = fib_info_nhc(res.fi!, 0);
			if (dev === null || dev === nhc.nhc_dev) ret = res.type;
		}
	}
	return ret;
}

/**
 * Type of an address by one table.
 * @param addr network order
 * @returns RTN_*
 * @kernel net/ipv4/fib_frontend.c:236 (v5.10)
 */
export function inet_addr_type_table(net: net, addr: __be32, tb_id: u32): number {
	return __inet_dev_addr_type(net, null, addr, tb_id);
}

/**
 * Type of an address.
 * @param addr network order
 * @returns RTN_*
 * @kernel net/ipv4/fib_frontend.c:242 (v5.10)
 */
export function inet_addr_type(net: net, addr: __be32): number {
	return __inet_dev_addr_type(net, null, addr, RT_TABLE_LOCAL);
}

/**
 * Type of an address as one device sees it.
 * @param addr network order
 * @returns RTN_*
 * @kernel net/ipv4/fib_frontend.c:248 (v5.10)
 */
export function inet_dev_addr_type(net: net, dev: net_device | null, addr: __be32): number {
	const rt_table = l3mdev_fib_table(dev) || RT_TABLE_LOCAL;
	return __inet_dev_addr_type(net, dev, addr, rt_table);
}

/**
 * Type of an address, by the table of a device's VRF.
 * @param addr network order
 * @returns RTN_*
 * @kernel net/ipv4/fib_frontend.c:260 (v5.10)
 */
export function inet_addr_type_dev_table(
	net: net,
	dev: net_device | null,
	addr: __be32,
): number {
	const rt_table = l3mdev_fib_table(dev) || RT_TABLE_LOCAL;
	return __inet_dev_addr_type(net, null, addr, rt_table);
}

/**
 * The address of this host under which a received packet is best answered.
 * @returns network order
 * @kernel net/ipv4/fib_frontend.c:270 (v5.10)
 */
export function fib_compute_spec_dst(skb: sk_buff): __be32 {
	const dev = skb.dev!;
	const rt = skb._dst as rtable;
	const iph = skb.network_header;
	if ((rt.rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST | RTCF_LOCAL)) >>> 0 === RTCF_LOCAL)
		return get_unaligned_be32(skb.head, iph + IPHDR_daddr);
	const in_dev = dev.ip_ptr;
	const net = dev_net(dev);
	const saddr = get_unaligned_be32(skb.head, iph + IPHDR_saddr);
	let scope = RT_SCOPE_UNIVERSE;
	if (!ipv4_is_zeronet(saddr)) {
		const vmark = in_dev !== null && IN_DEV_SRC_VMARK(in_dev);
		const { fl4, res } = validate_scratch.of(net.machine);
		fl4.clear();
		fl4.flowi4_iif = LOOPBACK_IFINDEX;
		fl4.flowi4_oif = l3mdev_master_ifindex_rcu(dev);
		fl4.daddr = saddr;
		fl4.flowi4_tos = skb.head[iph + IPHDR_tos] & IPTOS_RT_MASK;
		fl4.flowi4_scope = scope;
		fl4.flowi4_mark = vmark ? skb.mark : 0;
		if (fib_lookup(net, fl4, res, 0) === 0) return fib_result_prefsrc(net, res);
	} else {
		scope = RT_SCOPE_LINK;
	}
	return inet_select_addr(dev, saddr, scope);
}

/**
 * Looks the way back to a source up, and compares it with the way the packet came.
 * @param src network order
 * @param dst network order
 * @param oif device it would leave by, 0 for none
 * @param rpf 0: no check, 1: strict, 2: loose
 * @returns 1 when the sender is on the link, 0 when not, -EINVAL for an impossible source, -EXDEV for the wrong device
 * @kernel net/ipv4/fib_frontend.c:343 (v5.10)
 */
function __fib_validate_source(
	skb: sk_buff,
	src: __be32,
	dst: __be32,
	tos: u8,
	oif: number,
	dev: net_device,
	rpf: number,
	idev: in_device,
): number {
	const net = dev_net(dev);
	const { fl4, res } = validate_scratch.of(net.machine);
	fl4.clear();
	fl4.flowi4_iif = l3mdev_master_ifindex_rcu(dev);
	if (fl4.flowi4_iif === 0) fl4.flowi4_iif = oif !== 0 ? oif : LOOPBACK_IFINDEX;
	fl4.daddr = src;
	fl4.saddr = dst;
	fl4.flowi4_tos = tos;
	fl4.flowi4_scope = RT_SCOPE_UNIVERSE;
	const no_addr = idev.ifa_list === null;
	fl4.flowi4_mark = IN_DEV_SRC_VMARK(idev) ? skb.mark : 0;
	fib4_rules_early_flow_dissect(net, skb, fl4);

	last_resort: {
		if (fib_lookup(net, fl4, res, 0) !== 0) break last_resort;
		if (res.type !== RTN_UNICAST && (res.type !== RTN_LOCAL || !IN_DEV_ACCEPT_LOCAL(idev)))
			return -EINVAL;
		if (
			fib_info_nh_uses_dev(res.fi!, dev) ||
			(res.type === RTN_LOCAL && dev === net.loopback_dev)
		)
			return FIB_RES_NHC(res).nhc_scope >= RT_SCOPE_HOST ? 1 : 0;
		if (no_addr) break last_resort;
		if (rpf === 1) return -EXDEV;
		fl4.flowi4_oif = dev.ifindex;
		let ret = 0;
		if (fib_lookup(net, fl4, res, FIB_LOOKUP_IGNORE_LINKSTATE) === 0) {
			if (res.type === RTN_UNICAST)
				ret = FIB_RES_NHC(res).nhc_scope >= RT_SCOPE_HOST ? 1 : 0;
		}
		return ret;
	}
	if (rpf !== 0) return -EXDEV;
	return 0;
}

/**
 * Checks the source address of a received packet. PORT: no realm tag.
 * @param src network order
 * @param dst network order
 * @param oif device it would leave by, 0 for local delivery
 * @returns 1 when the sender is on the link, 0 when not, -EINVAL for an impossible source, -EXDEV when rp_filter refuses
 * @kernel net/ipv4/fib_frontend.c:419 (v5.10)
 */
export function fib_validate_source(
	skb: sk_buff,
	src: __be32,
	dst: __be32,
	tos: u8,
	oif: number,
	dev: net_device,
	idev: in_device,
): number {
	/* secpath_exists() */
	const r = skb.sp !== null ? 0 : IN_DEV_RPFILTER(idev);
	const net = dev_net(dev);
	if (r === 0 && (dev.ifindex !== oif || !IN_DEV_TX_REDIRECTS(idev))) {
		if (IN_DEV_ACCEPT_LOCAL(idev)) return 0;
		if (!net.ipv4.fib_has_custom_local_routes && !fib4_has_custom_rules(net)) {
			if (inet_lookup_ifaddr_rcu(net, src) !== null) return -EINVAL;
			return 0;
		}
	}
	return __fib_validate_source(skb, src, dst, tos, oif, dev, r, idev);
}

/**
 * Reads a route out of a request.
 * @param cfg takes it
 * @returns 0 or -EINVAL
 * @kernel net/ipv4/fib_frontend.c:719 (v5.10)
 */
function rtm_to_fib_config(
	rtm: rtmsg_msg,
	cfg: fib_config,
	extack: netlink_ext_ack | null,
): number {
	const tb = rtm.tb;
	cfg.fc_dst_len = rtm.rtm_dst_len;
	cfg.fc_tos = rtm.rtm_tos;
	cfg.fc_table = rtm.rtm_table;
	cfg.fc_protocol = rtm.rtm_protocol;
	cfg.fc_scope = rtm.rtm_scope;
	cfg.fc_type = rtm.rtm_type;
	cfg.fc_flags = rtm.rtm_flags;
	cfg.fc_nlflags = rtm.flags;
	if (cfg.fc_type > RTN_MAX) {
		NL_SET_ERR_MSG(extack, 'Invalid route type');
		return -EINVAL;
	}
	for (const i of [RTA_DST, RTA_GATEWAY, RTA_PREFSRC])
		if (tb.has(i) && nla_get_in_addr(tb, i) === null) return -EINVAL;
	cfg.fc_dst = nla_get_in_addr(tb, RTA_DST) ?? cfg.fc_dst;
	cfg.fc_oif = nla_get_u32(tb, RTA_OIF) ?? 0;
	const gw = nla_get_in_addr(tb, RTA_GATEWAY);
	if (gw !== null) {
		cfg.fc_gw4 = gw;
		if (gw !== 0) cfg.fc_gw_family = AF_INET;
	}
	if (tb.has(RTA_VIA)) {
		const err = fib_gw_from_via(cfg, tb, extack);
		if (err !== 0) return err;
	}
	cfg.fc_priority = nla_get_u32(tb, RTA_PRIORITY) ?? 0;
	cfg.fc_prefsrc = nla_get_in_addr(tb, RTA_PREFSRC) ?? cfg.fc_prefsrc;
	if (tb.has(RTA_METRICS)) {
		cfg.fc_mx = nla_parse_nested(tb, RTA_METRICS);
		if (cfg.fc_mx === null) return -EINVAL;
	}
	if (tb.has(RTA_MULTIPATH)) {
		cfg.fc_mp = nla_nested_list(tb, RTA_MULTIPATH);
		if (cfg.fc_mp === null) return -EINVAL;
	}
	cfg.fc_flow = nla_get_u32(tb, RTA_FLOW) ?? 0;
	cfg.fc_table = nla_get_u32(tb, RTA_TABLE) ?? cfg.fc_table;
	cfg.fc_nh_id = nla_get_u32(tb, RTA_NH_ID) ?? 0;
	if (
		cfg.fc_nh_id !== 0 &&
		(cfg.fc_oif !== 0 || cfg.fc_gw_family !== 0 || cfg.fc_mp !== null)
	) {
		NL_SET_ERR_MSG(
			extack,
			'Nexthop specification and nexthop id are mutually exclusive',
		);
		return -EINVAL;
	}
	if (gw !== null && tb.has(RTA_VIA)) {
		NL_SET_ERR_MSG(extack, 'Nexthop configuration can not contain both GATEWAY and VIA');
		return -EINVAL;
	}
	return 0;
}

/**
 * RTM_DELROUTE.
 * @returns 0, -EINVAL, -ESRCH
 * @kernel net/ipv4/fib_frontend.c:836 (v5.10)
 */
function inet_rtm_delroute(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	const cfg = new fib_config(net);
	const err = rtm_to_fib_config(nlh as rtmsg_msg, cfg, extack);
	if (err < 0) return err;
	if (cfg.fc_nh_id !== 0) {
		NL_SET_ERR_MSG(extack, 'Nexthop id does not exist');
		return -EINVAL;
	}
	const tb = fib_get_table(net, cfg.fc_table);
	if (tb === null) {
		NL_SET_ERR_MSG(extack, 'FIB table does not exist');
		return -ESRCH;
	}
	return fib_table_delete(net, tb, cfg, extack);
}

/**
 * RTM_NEWROUTE.
 * @returns 0 or a negative errno, see fib_table_insert()
 * @kernel net/ipv4/fib_frontend.c:866 (v5.10)
 */
function inet_rtm_newroute(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	const cfg = new fib_config(net);
	let err = rtm_to_fib_config(nlh as rtmsg_msg, cfg, extack);
	if (err < 0) return err;
	const tb = fib_new_table(net, cfg.fc_table);
	/* fib_create_info() compares the table by its number. */
	err = fib_table_insert(net, tb, cfg, extack);
	if (err === 0 && cfg.fc_type === RTN_LOCAL) net.ipv4.fib_has_custom_local_routes = true;
	return err;
}

/**
 * Checks a request for a dump of routes and reads its filters.
 * @returns 0, -EINVAL, -ENODEV
 * @kernel net/ipv4/fib_frontend.c:891 (v5.10)
 */
export function ip_valid_fib_dump_req(
	net: net,
	nlh: nlmsg,
	filter: fib_dump_filter,
	extack: netlink_ext_ack | null,
): number {
	if (!(nlh instanceof rtmsg_msg)) {
		NL_SET_ERR_MSG(extack, 'Invalid header for FIB dump request');
		return -EINVAL;
	}
	if (
		nlh.rtm_dst_len !== 0 ||
		nlh.rtm_src_len !== 0 ||
		nlh.rtm_tos !== 0 ||
		nlh.rtm_scope !== 0
	) {
		NL_SET_ERR_MSG(extack, 'Invalid values in header for FIB dump request');
		return -EINVAL;
	}
	if ((nlh.rtm_flags & ~(RTM_F_CLONED | RTM_F_PREFIX)) !== 0) {
		NL_SET_ERR_MSG(extack, 'Invalid flags for FIB dump request');
		return -EINVAL;
	}
	if ((nlh.rtm_flags & RTM_F_CLONED) !== 0) filter.dump_routes = false;
	else filter.dump_exceptions = false;
	filter.flags = nlh.rtm_flags;
	filter.protocol = nlh.rtm_protocol;
	filter.rt_type = nlh.rtm_type;
	filter.table_id = nlh.rtm_table;
	for (const i of nlh.tb.keys()) {
		switch (i) {
			case RTA_TABLE:
				filter.table_id = nla_get_u32(nlh.tb, i) ?? 0;
				break;
			case RTA_OIF:
				filter.dev = __dev_get_by_index(net, nla_get_u32(nlh.tb, i) ?? 0);
				if (filter.dev === null) return -ENODEV;
				break;
			default:
				NL_SET_ERR_MSG(extack, 'Unsupported attribute in dump request');
				return -EINVAL;
		}
	}
	if (
		filter.flags !== 0 ||
		filter.protocol !== 0 ||
		filter.rt_type !== 0 ||
		filter.table_id !== 0 ||
		filter.dev !== null
	)
		filter.filter_set = true;
	return 0;
}

/**
 * RTM_GETROUTE with NLM_F_DUMP: the routes, or with RTM_F_CLONED the exceptions.
 * @returns 0, -EINVAL, -ENODEV, -ENOENT when there is no such table
 * @kernel net/ipv4/fib_frontend.c:965 (v5.10)
 */
function inet_dump_fib(
	net: net,
	nlh: nlmsg,
	out: nlmsg[],
	extack: netlink_ext_ack | null,
): number {
	const filter = new fib_dump_filter();
	filter.dump_routes = true;
	filter.dump_exceptions = true;
	const err = ip_valid_fib_dump_req(net, nlh, filter, extack);
	if (err < 0) return err;
	if ((filter.flags & RTM_F_PREFIX) !== 0) return 0;
	const dump_fnhe = ipv4_stub.of(net.machine).fib_dump_info_fnhe;
	if (filter.table_id !== 0) {
		const tb = fib_get_table(net, filter.table_id);
		if (tb === null) {
			if (rtnl_msg_family(nlh) !== PF_INET) return 0;
			NL_SET_ERR_MSG(extack, 'ipv4: FIB table does not exist');
			return -ENOENT;
		}
		fib_table_dump(net, tb, out, filter, dump_fnhe);
		return 0;
	}
	for (const head of net.ipv4.fib_table_hash)
		for (const tb of head) fib_table_dump(net, tb, out, filter, dump_fnhe);
	return 0;
}

/**
 * Adds or removes a route that an interface address brings along.
 * @param cmd RTM_NEWROUTE or RTM_DELROUTE
 * @param type RTN_*
 * @param dst network order
 * @kernel net/ipv4/fib_frontend.c:1050 (v5.10)
 */
function fib_magic(
	cmd: number,
	type: number,
	dst: __be32,
	dst_len: number,
	ifa: in_ifaddr,
	rt_priority: u32,
): void {
	const dev = ifa.ifa_dev!.dev;
	const net = dev_net(dev);
	if (net.ipv4.fib_table_hash.length === 0) return;
	const cfg = new fib_config(net);
	cfg.fc_protocol = RTPROT_KERNEL;
	cfg.fc_type = type;
	cfg.fc_dst = dst;
	cfg.fc_dst_len = dst_len;
	cfg.fc_priority = rt_priority;
	cfg.fc_prefsrc = ifa.ifa_local;
	cfg.fc_oif = dev.ifindex;
	cfg.fc_nlflags = NLM_F_CREATE | NLM_F_APPEND;
	let tb_id = l3mdev_fib_table(dev);
	if (tb_id === 0) tb_id = type === RTN_UNICAST ? RT_TABLE_MAIN : RT_TABLE_LOCAL;
	const tb = fib_new_table(net, tb_id);
	cfg.fc_table = tb.tb_id;
	cfg.fc_scope = type !== RTN_LOCAL ? RT_SCOPE_LINK : RT_SCOPE_HOST;
	if (cmd === RTM_NEWROUTE) fib_table_insert(net, tb, cfg, null);
	else fib_table_delete(net, tb, cfg, null);
}

/**
 * Type of the route to a device's own network.
 * @kernel PORT: an expression in C
 */
function prefix_route_type(dev: net_device): number {
	return (dev.flags & IFF_LOOPBACK) !== 0 ? RTN_LOCAL : RTN_UNICAST;
}

/**
 * Network of an address.
 * @returns network order
 * @kernel PORT: ifa_address & ifa_mask
 */
function ifa_prefix(ifa: in_ifaddr): __be32 {
	return htonl(ntohl(ifa.ifa_address) & ntohl(ifa.ifa_mask));
}

/**
 * Directed broadcast address of an address's network.
 * @returns network order
 * @kernel PORT: ifa_address | ~ifa_mask
 */
function ifa_bcast(ifa: in_ifaddr): __be32 {
	return htonl(ntohl(ifa.ifa_address) | ~ntohl(ifa.ifa_mask));
}

/**
 * Adds the routes of an address: to itself, to its network, to the broadcast addresses.
 * @kernel net/ipv4/fib_frontend.c:1090 (v5.10)
 */
export function fib_add_ifaddr(ifa: in_ifaddr): void {
	const in_dev = ifa.ifa_dev!;
	const dev = in_dev.dev;
	let prim = ifa;
	const mask = ifa.ifa_mask;
	const addr = ifa.ifa_local;
	const prefix = ifa_prefix(ifa);
	if ((ifa.ifa_flags & IFA_F_SECONDARY) !== 0) {
		const p = inet_ifa_byprefix(in_dev, prefix, mask);
		if (p === null) {
			dev.machine.record('WARN', 'fib_add_ifaddr', 'bug: prim == NULL');
			return;
		}
		prim = p;
	}
	fib_magic(RTM_NEWROUTE, RTN_LOCAL, addr, 32, prim, 0);
	if ((dev.flags & IFF_UP) === 0) return;
	if (ifa.ifa_broadcast !== 0 && !ipv4_is_lbcast(ifa.ifa_broadcast))
		fib_magic(RTM_NEWROUTE, RTN_BROADCAST, ifa.ifa_broadcast, 32, prim, 0);
	if (
		!ipv4_is_zeronet(prefix) &&
		(ifa.ifa_flags & IFA_F_SECONDARY) === 0 &&
		(prefix !== addr || ifa.ifa_prefixlen < 32)
	) {
		if ((ifa.ifa_flags & IFA_F_NOPREFIXROUTE) === 0)
			fib_magic(
				RTM_NEWROUTE,
				prefix_route_type(dev),
				prefix,
				ifa.ifa_prefixlen,
				prim,
				ifa.ifa_rt_priority,
			);
		if (ifa.ifa_prefixlen < 31) {
			fib_magic(RTM_NEWROUTE, RTN_BROADCAST, prefix, 32, prim, 0);
			fib_magic(
				RTM_NEWROUTE,
				RTN_BROADCAST,
				htonl(ntohl(prefix) | ~ntohl(mask)),
				32,
				prim,
				0,
			);
		}
	}
}

/**
 * The metric of an address's network route changes.
 * @kernel net/ipv4/fib_frontend.c:1135 (v5.10)
 */
export function fib_modify_prefix_metric(ifa: in_ifaddr, new_metric: u32): void {
	const prefix = ifa_prefix(ifa);
	const dev = ifa.ifa_dev!.dev;
	if (
		(dev.flags & IFF_UP) === 0 ||
		(ifa.ifa_flags & (IFA_F_SECONDARY | IFA_F_NOPREFIXROUTE)) !== 0 ||
		ipv4_is_zeronet(prefix) ||
		(prefix === ifa.ifa_local && ifa.ifa_prefixlen === 32)
	)
		return;
	const type = prefix_route_type(dev);
	fib_magic(RTM_NEWROUTE, type, prefix, ifa.ifa_prefixlen, ifa, new_metric);
	fib_magic(RTM_DELROUTE, type, prefix, ifa.ifa_prefixlen, ifa, ifa.ifa_rt_priority);
}

const LOCAL_OK = 1;
const BRD_OK = 2;
const BRD0_OK = 4;
const BRD1_OK = 8;

/**
 * Removes the routes of an address, but for those that another address still needs.
 * @param iprim on promotion: addresses of its network count as gone; else null
 * @kernel net/ipv4/fib_frontend.c:1163 (v5.10)
 */
export function fib_del_ifaddr(ifa: in_ifaddr, iprim: in_ifaddr | null): void {
	const in_dev = ifa.ifa_dev!;
	const dev = in_dev.dev;
	let prim = ifa;
	let prim1: in_ifaddr | null = null;
	const brd = ifa_bcast(ifa);
	const any = ifa_prefix(ifa);
	let ok = 0;
	let subnet = false;
	let gone = true;
	let same_prefsrc = false;

	if ((ifa.ifa_flags & IFA_F_SECONDARY) !== 0) {
		const p = inet_ifa_byprefix(in_dev, any, ifa.ifa_mask);
		if (p === null) {
			if (in_dev.dead === 0)
				dev.machine.record('WARN', 'fib_del_ifaddr', 'bug: prim == NULL');
			return;
		}
		prim = p;
		if (iprim !== null && iprim !== prim) {
			dev.machine.record('WARN', 'fib_del_ifaddr', 'bug: iprim != prim');
			return;
		}
	} else if (!ipv4_is_zeronet(any) && (any !== ifa.ifa_local || ifa.ifa_prefixlen < 32)) {
		if ((ifa.ifa_flags & IFA_F_NOPREFIXROUTE) === 0)
			fib_magic(RTM_DELROUTE, prefix_route_type(dev), any, ifa.ifa_prefixlen, prim, 0);
		subnet = true;
	}

	if (in_dev.dead === 0) {
		for (let ifa1 = in_dev.ifa_list; ifa1 !== null; ifa1 = ifa1.ifa_next) {
			if (ifa1 === ifa) {
				gone = false;
				continue;
			}
			if (
				iprim !== null &&
				ifa1.ifa_mask === iprim.ifa_mask &&
				inet_ifa_match(ifa1.ifa_address, iprim)
			)
				continue;
			if ((ifa1.ifa_flags & IFA_F_SECONDARY) !== 0) {
				if (ifa1.ifa_mask === prim.ifa_mask && inet_ifa_match(ifa1.ifa_address, prim)) {
					prim1 = prim;
				} else {
					if (!same_prefsrc) continue;
					if (
						prim1 === null ||
						ifa1.ifa_mask !== prim1.ifa_mask ||
						!inet_ifa_match(ifa1.ifa_address, prim1)
					)
						prim1 = inet_ifa_byprefix(in_dev, ifa1.ifa_address, ifa1.ifa_mask);
					if (prim1 === null) continue;
					if (prim1.ifa_local !== prim.ifa_local) continue;
				}
			} else {
				if (prim.ifa_local !== ifa1.ifa_local) continue;
				prim1 = ifa1;
				if (prim !== prim1) same_prefsrc = true;
			}
			if (ifa.ifa_local === ifa1.ifa_local) ok |= LOCAL_OK;
			if (ifa.ifa_broadcast === ifa1.ifa_broadcast) ok |= BRD_OK;
			if (brd === ifa1.ifa_broadcast) ok |= BRD1_OK;
			if (any === ifa1.ifa_broadcast) ok |= BRD0_OK;
			if (prim1 === ifa1 && ifa1.ifa_prefixlen < 31) {
				const brd1 = ifa_bcast(ifa1);
				const any1 = ifa_prefix(ifa1);
				if (!ipv4_is_zeronet(any1)) {
					if (ifa.ifa_broadcast === brd1 || ifa.ifa_broadcast === any1) ok |= BRD_OK;
					if (brd === brd1 || brd === any1) ok |= BRD1_OK;
					if (any === brd1 || any === any1) ok |= BRD0_OK;
				}
			}
		}
	}

	if ((ok & BRD_OK) === 0)
		fib_magic(RTM_DELROUTE, RTN_BROADCAST, ifa.ifa_broadcast, 32, prim, 0);
	if (subnet && ifa.ifa_prefixlen < 31) {
		if ((ok & BRD1_OK) === 0) fib_magic(RTM_DELROUTE, RTN_BROADCAST, brd, 32, prim, 0);
		if ((ok & BRD0_OK) === 0) fib_magic(RTM_DELROUTE, RTN_BROADCAST, any, 32, prim, 0);
	}
	if ((ok & LOCAL_OK) === 0) {
		fib_magic(RTM_DELROUTE, RTN_LOCAL, ifa.ifa_local, 32, prim, 0);
		const addr_type = inet_addr_type_dev_table(dev_net(dev), dev, ifa.ifa_local);
		if (gone && addr_type !== RTN_LOCAL) {
			if (fib_sync_down_addr(dev, ifa.ifa_local) !== 0) fib_flush(dev_net(dev));
		}
	}
}

/**
 * A device can no longer be used for IPv4: its routes go, its neighbours too.
 * @param event NETDEV_*
 * @param force local routes too
 * @kernel net/ipv4/fib_frontend.c:1402 (v5.10)
 */
function fib_disable_ip(dev: net_device, event: number, force: boolean): void {
	if (fib_sync_down_dev(dev, event, force) !== 0) fib_flush(dev_net(dev));
	else rt_cache_flush(dev_net(dev));
	ipv4_stub.of(dev.machine).arp_ifdown(dev);
}

/**
 * An address came or goes.
 * @returns NOTIFY_DONE
 * @kernel net/ipv4/fib_frontend.c:1412 (v5.10)
 */
function fib_inetaddr_event(event: number, ifa: in_ifaddr): number {
	const dev = ifa.ifa_dev!.dev;
	const net = dev_net(dev);
	switch (event) {
		case NETDEV_UP:
			fib_add_ifaddr(ifa);
			fib_sync_up(dev, RTNH_F_DEAD);
			net.ipv4.dev_addr_genid++;
			rt_cache_flush(net);
			break;
		case NETDEV_DOWN:
			fib_del_ifaddr(ifa, null);
			net.ipv4.dev_addr_genid++;
			if (ifa.ifa_dev!.ifa_list === null) fib_disable_ip(dev, event, true);
			else rt_cache_flush(net);
			break;
		default:
			break;
	}
	return NOTIFY_DONE;
}

/**
 * A device came up, goes down, changed its carrier or MTU, or goes away.
 * @returns NOTIFY_DONE
 * @kernel net/ipv4/fib_frontend.c:1443 (v5.10)
 */
function fib_netdev_event(event: number, info: netdev_notifier_info): number {
	const dev = netdev_notifier_info_to_dev(info);
	const net = dev_net(dev);
	if (event === NETDEV_UNREGISTER) {
		fib_disable_ip(dev, event, true);
		ipv4_stub.of(dev.machine).rt_flush_dev(dev);
		return NOTIFY_DONE;
	}
	const in_dev = dev.ip_ptr;
	if (in_dev === null) return NOTIFY_DONE;
	switch (event) {
		case NETDEV_UP:
			for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) fib_add_ifaddr(ifa);
			fib_sync_up(dev, RTNH_F_DEAD);
			net.ipv4.dev_addr_genid++;
			rt_cache_flush(net);
			break;
		case NETDEV_DOWN:
			fib_disable_ip(dev, event, false);
			break;
		case NETDEV_CHANGE:
			if ((dev_get_flags(dev) & (IFF_RUNNING | IFF_LOWER_UP)) !== 0)
				fib_sync_up(dev, RTNH_F_LINKDOWN);
			else fib_sync_down_dev(dev, event, false);
			rt_cache_flush(net);
			break;
		case NETDEV_CHANGEMTU:
			if (info instanceof netdev_notifier_info_ext) fib_sync_mtu(dev, info.mtu);
			rt_cache_flush(net);
			break;
		case NETDEV_CHANGEUPPER:
			if (
				info instanceof netdev_notifier_changeupper_info &&
				netif_is_l3_master(info.upper_dev)
			)
				fib_disable_ip(dev, NETDEV_DOWN, true);
			break;
		default:
			break;
	}
	return NOTIFY_DONE;
}

/**
 * Gives a namespace its table hash and its rules.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/fib_frontend.c:1510 (v5.10)
 */
function ip_fib_net_init(net: net): number {
	net.ipv4.fib_table_hash = Array.from({ length: FIB_TABLE_HASHSZ }, (): fib_table[] => []);
	return fib4_rules_init(net);
}

/**
 * Takes a namespace's tables and rules away.
 * @kernel net/ipv4/fib_frontend.c:1540 (v5.10)
 */
function ip_fib_net_exit(net: net): void {
	/* PORT: the loopback device goes last here; its routes must be dead to be flushed. */
	if (net.loopback_dev !== null) fib_sync_down_dev(net.loopback_dev, NETDEV_UNREGISTER, true);
	net.ipv4.fib_main = null;
	net.ipv4.fib_default = null;
	for (let i = FIB_TABLE_HASHSZ - 1; i >= 0; i--) {
		for (const tb of net.ipv4.fib_table_hash[i].splice(0)) {
			fib_table_flush(net, tb, true);
			fib_free_table(tb);
		}
	}
	fib4_rules_exit(net);
}

/**
 * A namespace comes.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/fib_frontend.c:1574 (v5.10)
 */
function fib_net_init(net: net): number {
	return ip_fib_net_init(net);
}

/**
 * A namespace goes.
 * @kernel net/ipv4/fib_frontend.c:1600 (v5.10)
 */
function fib_net_exit(net: net): void {
	ip_fib_net_exit(net);
	/* PORT: what the loopback device does last must not make tables again. */
	net.ipv4.fib_table_hash = [];
}

/**
 * Registers the routing tables. Called by ip_rt_init().
 * @returns 0
 * @kernel net/ipv4/fib_frontend.c:1612 (v5.10)
 */
export function ip_fib_init(m: Machine): number {
	const stub = ipv4_stub.of(m);
	stub.fib_new_table = fib_new_table;
	stub.fib_unmerge = fib_unmerge;
	stub.fib_flush = fib_flush;
	stub.fib_add_ifaddr = fib_add_ifaddr;
	stub.fib_del_ifaddr = fib_del_ifaddr;
	stub.fib_modify_prefix_metric = fib_modify_prefix_metric;
	stub.inet_addr_type_table = inet_addr_type_table;
	stub.inet_addr_type_dev_table = inet_addr_type_dev_table;

	register_pernet_subsys(m, { init: fib_net_init, exit: fib_net_exit });
	register_netdevice_notifier(m, { notifier_call: fib_netdev_event, priority: 0 });
	register_inetaddr_notifier(m, { notifier_call: fib_inetaddr_event, priority: 0 });
	rtnl_register(m, PF_INET, RTM_NEWROUTE, inet_rtm_newroute, null);
	rtnl_register(m, PF_INET, RTM_DELROUTE, inet_rtm_delroute, null);
	rtnl_register(m, PF_INET, RTM_GETROUTE, null, inet_dump_fib);
	return 0;
}
