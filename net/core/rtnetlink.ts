// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/core/rtnetlink.c, base v5.10: the one door for `ip` and `bridge`. Handlers by family and message, kinds
 * of links, RTM_*LINK, forwarding database entries and bridge settings of ports.
 *
 * PORT: a program calls
 *   rtnetlink_rcv_msg(net, msg, extack, reply?)  for everything but a dump: 0 or a negative errno, with the
 *                                                messages that answer a GET in reply;
 *   rtnl_dump(net, msg, extack?)                 for a dump: the messages, or a negative errno;
 *   rtnl_listen(net, group, fn)                  for `ip monitor`.
 * Requests count as strictly checked (NETLINK_GET_STRICT_CHK), as today's iproute2 asks for. The caller may do
 * everything (CAP_NET_ADMIN). Events of devices reach listeners through the notifier chain alone.
 * Not ported: SR-IOV, XDP, switch ports, link maps, statistics groups (RTM_GETSTATS), interface aliases,
 * protodown, 32-bit statistics, queues other than one: no device or tool here has them. Congestion control names
 * in route metrics.
 */
import { type Machine, HZ, machine_var } from '../../include/linux/machine.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { is_multicast_ether_addr } from '../../include/linux/etherdevice.ts';
import {
	dev_net,
	NET_ADDR_SET,
	NET_NAME_ENUM,
	NET_NAME_USER,
	type net_device,
	type net_device_ops,
	netdev_notifier_change_info,
	type netdev_notifier_info,
	NETDEV_CHANGE,
	NETDEV_CHANGEADDR,
	NETDEV_CHANGEINFODATA,
	NETDEV_CHANGEMTU,
	NETDEV_CHANGENAME,
	NETDEV_CHANGEUPPER,
	NETDEV_DOWN,
	NETDEV_FEAT_CHANGE,
	netdev_notifier_info_to_dev,
	NETDEV_NOTIFY_PEERS,
	NETDEV_POST_TYPE_CHANGE,
	NETDEV_REBOOT,
	NETDEV_REGISTER,
	NETDEV_TX_OK,
	NETDEV_UNREGISTER,
	NETDEV_UP,
	netif_carrier_ok,
	netif_is_bridge_master,
	netif_is_bridge_port,
	netif_running,
	NETREG_REGISTERED,
	NETREG_UNINITIALIZED,
	NETREG_UNREGISTERED,
	rtnl_link_stats64,
} from '../../include/linux/netdevice.ts';
import { type netlink_ext_ack, NL_SET_ERR_MSG } from '../../include/linux/netlink.ts';
import { NOTIFY_DONE } from '../../include/linux/notifier.ts';
import {
	PF_BRIDGE,
	PF_PACKET,
	PF_UNSPEC,
	AF_BRIDGE,
	AF_UNSPEC,
} from '../../include/linux/socket.ts';
import { type dst_entry, RTAX_CC_ALGO, RTAX_FEATURES, RTAX_MAX } from '../../include/net/dst.ts';
import type { net } from '../../include/net/net_namespace.ts';
import {
	nla_data,
	nla_get_s32,
	nla_get_u16,
	nla_get_u32,
	nla_get_u8,
	nla_nest_start,
	nla_parse_nested,
	nla_put,
	nla_put_s32,
	nla_put_string,
	nla_put_u16,
	nla_put_u32,
	nla_put_u8,
	nla_strdup,
	type nlattrs,
	NLM_F_CREATE,
	NLM_F_DUMP,
	NLM_F_DUMP_FILTERED,
	NLM_F_EXCL,
	NLM_F_MULTI,
	NLM_F_REPLACE,
	type nlmsg,
} from '../../include/net/netlink.ts';
import type {
	rtnl_af_ops,
	rtnl_doit_func,
	rtnl_dumpit_func,
	rtnl_link_ops,
} from '../../include/net/rtnetlink.ts';
import {
	EAFNOSUPPORT,
	EEXIST,
	EINVAL,
	ENODEV,
	ENOENT,
	EOPNOTSUPP,
	EPERM,
	EPFNOSUPPORT,
	ERANGE,
} from '../../include/uapi/linux/errno.ts';
import {
	ARPHRD_ETHER,
	IF_OPER_DORMANT,
	IF_OPER_DOWN,
	IF_OPER_TESTING,
	IF_OPER_UNKNOWN,
	IF_OPER_UP,
	IFF_ALLMULTI,
	IFF_PROMISC,
	IFNAMSIZ,
} from '../../include/uapi/linux/if.ts';
import {
	BRIDGE_FLAGS_MASTER,
	BRIDGE_FLAGS_SELF,
	IFLA_BRIDGE_FLAGS,
} from '../../include/uapi/linux/if_bridge.ts';
import { ETH_ALEN } from '../../include/uapi/linux/if_ether.ts';
import {
	IFLA_ADDRESS,
	IFLA_AF_SPEC,
	IFLA_ALT_IFNAME,
	IFLA_BROADCAST,
	IFLA_CARRIER,
	IFLA_CARRIER_CHANGES,
	IFLA_CARRIER_DOWN_COUNT,
	IFLA_CARRIER_UP_COUNT,
	IFLA_EVENT,
	IFLA_EXT_MASK,
	IFLA_GROUP,
	IFLA_GSO_MAX_SEGS,
	IFLA_GSO_MAX_SIZE,
	IFLA_IFALIAS,
	IFLA_IFNAME,
	IFLA_INFO_DATA,
	IFLA_INFO_KIND,
	IFLA_INFO_SLAVE_DATA,
	IFLA_INFO_SLAVE_KIND,
	IFLA_LINK,
	IFLA_LINK_NETNSID,
	IFLA_LINKINFO,
	IFLA_LINKMODE,
	IFLA_MAP,
	IFLA_MASTER,
	IFLA_MAX_MTU,
	IFLA_MIN_MTU,
	IFLA_MTU,
	IFLA_NET_NS_FD,
	IFLA_NET_NS_PID,
	IFLA_NUM_RX_QUEUES,
	IFLA_NUM_TX_QUEUES,
	IFLA_OPERSTATE,
	IFLA_PERM_ADDRESS,
	IFLA_PROMISCUITY,
	IFLA_PROP_LIST,
	IFLA_PROTINFO,
	IFLA_PROTO_DOWN,
	IFLA_PROTO_DOWN_REASON,
	IFLA_QDISC,
	IFLA_STATS64,
	IFLA_TARGET_NETNSID,
	IFLA_TXQLEN,
	IFLA_XDP,
	RTNL_LINK_STATS64_collisions,
	RTNL_LINK_STATS64_multicast,
	RTNL_LINK_STATS64_rx_bytes,
	RTNL_LINK_STATS64_rx_compressed,
	RTNL_LINK_STATS64_rx_crc_errors,
	RTNL_LINK_STATS64_rx_dropped,
	RTNL_LINK_STATS64_rx_errors,
	RTNL_LINK_STATS64_rx_fifo_errors,
	RTNL_LINK_STATS64_rx_frame_errors,
	RTNL_LINK_STATS64_rx_length_errors,
	RTNL_LINK_STATS64_rx_missed_errors,
	RTNL_LINK_STATS64_rx_nohandler,
	RTNL_LINK_STATS64_rx_over_errors,
	RTNL_LINK_STATS64_rx_packets,
	RTNL_LINK_STATS64_tx_aborted_errors,
	RTNL_LINK_STATS64_tx_bytes,
	RTNL_LINK_STATS64_tx_carrier_errors,
	RTNL_LINK_STATS64_tx_compressed,
	RTNL_LINK_STATS64_tx_dropped,
	RTNL_LINK_STATS64_tx_errors,
	RTNL_LINK_STATS64_tx_fifo_errors,
	RTNL_LINK_STATS64_tx_heartbeat_errors,
	RTNL_LINK_STATS64_tx_packets,
	RTNL_LINK_STATS64_tx_window_errors,
} from '../../include/uapi/linux/if_link.ts';
import {
	NDA_IFINDEX,
	NDA_LLADDR,
	NDA_MASTER,
	NDA_VLAN,
	NDA_VNI,
	NTF_MASTER,
	NTF_SELF,
	NUD_PERMANENT,
} from '../../include/uapi/linux/neighbour.ts';
import {
	fib_rule_hdr_msg,
	ifaddrmsg_msg,
	ifinfomsg_msg,
	ndmsg_msg,
	RTA_CACHEINFO,
	RTA_CACHEINFO_clntref,
	RTA_CACHEINFO_error,
	RTA_CACHEINFO_expires,
	RTA_CACHEINFO_id,
	RTA_CACHEINFO_lastuse,
	RTA_CACHEINFO_used,
	RTA_METRICS,
	RTAX_FEATURE_MASK,
	rtgenmsg_msg,
	RTM_BASE,
	RTM_DELLINK,
	RTM_DELLINKPROP,
	RTM_DELNEIGH,
	RTM_GETADDR,
	RTM_GETLINK,
	RTM_GETNEIGH,
	RTM_GETNETCONF,
	RTM_GETROUTE,
	RTM_NEWLINK,
	RTM_NEWLINKPROP,
	RTM_NEWNEIGH,
	RTM_SETLINK,
	RTM_MAX,
	rtmsg_msg,
	RTNLGRP_LINK,
	RTNLGRP_NEIGH,
} from '../../include/uapi/linux/rtnetlink.ts';
import {
	__dev_change_flags,
	__dev_get_by_index,
	__dev_get_by_name,
	__dev_notify_flags,
	alloc_netdev,
	call_netdevice_notifiers,
	dev_change_flags,
	dev_change_name,
	dev_change_net_namespace,
	dev_get_flags,
	dev_get_iflink,
	dev_get_stats,
	dev_set_mac_address,
	dev_set_mtu_ext,
	dev_validate_mtu,
	netdev_master_upper_dev_get,
	netdev_state_change,
	register_netdevice,
	register_netdevice_notifier,
	unregister_netdevice,
	unregister_netdevice_many,
	unregister_netdevice_queue,
} from './dev.ts';
import { dst_default_metrics } from './dst.ts';
import {
	dev_mc_add,
	dev_mc_del,
	dev_uc_add,
	dev_uc_del,
	type netdev_hw_addr_list,
} from './dev_addr_lists.ts';
import { peernet2id_alloc } from './net_namespace.ts';
import { kfree_skb } from './skbuff.ts';

const RTNL_FAMILY_MAX = 129;
const ALTIFNAMSIZ = 128;
const GSO_MAX_SIZE = 65536;
const GSO_MAX_SEGS = 65535;
const USER_HZ = 100;
const VLAN_VID_MASK = 0x0fff;

/** Handlers of one message of one family. */
class rtnl_link {
	doit: rtnl_doit_func | null = null;
	dumpit: rtnl_dumpit_func | null = null;
}

/** rtnl_msg_handlers: by family, then by message. */
const rtnl_msg_handlers = machine_var(() => new Map<number, (rtnl_link | undefined)[]>());

/** link_ops */
const link_ops = machine_var((): rtnl_link_ops[] => []);

/** rtnl_af_ops */
const af_ops_list = machine_var((): rtnl_af_ops[] => []);

/** PORT: devices whose queue discipline was attached by a first `up`: they show noqueue, others noop. */
const qdisc_attached = machine_var(() => new WeakSet<net_device>());

type rtnl_listener = (msg: nlmsg, group: number) => void;

/** PORT: subscriptions to multicast groups, by namespace and group. */
const rtnl_listeners = machine_var(() => new Map<net, Map<number, rtnl_listener[]>>());

/**
 * Place of a message type in a family's table.
 * @kernel net/core/rtnetlink.c:144 (v5.10)
 */
function rtm_msgindex(msgtype: number): number {
	return msgtype - RTM_BASE;
}

/**
 * Address family of a request.
 * @kernel include/net/rtnetlink.h:23 (v5.10)
 */
export function rtnl_msg_family(nlh: nlmsg): number {
	if (nlh instanceof ifinfomsg_msg) return nlh.ifi_family;
	if (nlh instanceof ifaddrmsg_msg) return nlh.ifa_family;
	if (nlh instanceof rtmsg_msg) return nlh.rtm_family;
	if (nlh instanceof ndmsg_msg) return nlh.ndm_family;
	if (nlh instanceof fib_rule_hdr_msg) return nlh.family;
	if (nlh instanceof rtgenmsg_msg) return nlh.rtgen_family;
	if ('family' in nlh && typeof nlh.family === 'number') return nlh.family;
	return AF_UNSPEC;
}

/**
 * Finds the handlers of a message; a family without any has those of PF_UNSPEC.
 * @kernel net/core/rtnetlink.c:158 (v5.10)
 */
function rtnl_get_link(m: Machine, protocol: number, msgindex: number): rtnl_link | undefined {
	const handlers = rtnl_msg_handlers.of(m);
	if (protocol > RTNL_FAMILY_MAX) protocol = PF_UNSPEC;
	const tab = handlers.get(protocol) ?? handlers.get(PF_UNSPEC);
	return tab?.[msgindex];
}

/**
 * Sets the handlers of a message.
 * @param protocol address family, PF_UNSPEC for those without an own one
 * @param msgtype RTM_*
 * @param doit handles a request, or null
 * @param dumpit answers a dump, or null
 * @kernel net/core/rtnetlink.c:267 (v5.10)
 */
export function rtnl_register(
	m: Machine,
	protocol: number,
	msgtype: number,
	doit: rtnl_doit_func | null,
	dumpit: rtnl_dumpit_func | null,
): void {
	const handlers = rtnl_msg_handlers.of(m);
	let tab = handlers.get(protocol);
	if (tab === undefined) {
		tab = new Array<rtnl_link | undefined>(RTM_MAX + 1 - RTM_BASE).fill(undefined);
		handlers.set(protocol, tab);
	}
	const link = (tab[rtm_msgindex(msgtype)] ??= new rtnl_link());
	if (doit !== null) link.doit = doit;
	if (dumpit !== null) link.dumpit = dumpit;
}

/**
 * Takes the handlers of a message away.
 * @returns 0 or -ENOENT
 * @kernel net/core/rtnetlink.c:287 (v5.10)
 */
export function rtnl_unregister(m: Machine, protocol: number, msgtype: number): number {
	const tab = rtnl_msg_handlers.of(m).get(protocol);
	if (tab === undefined) return -ENOENT;
	tab[rtm_msgindex(msgtype)] = undefined;
	return 0;
}

/**
 * Takes all handlers of a family away.
 * @kernel net/core/rtnetlink.c:319 (v5.10)
 */
export function rtnl_unregister_all(m: Machine, protocol: number): void {
	rtnl_msg_handlers.of(m).delete(protocol);
}

/**
 * Finds a kind of link.
 * @kernel net/core/rtnetlink.c:351 (v5.10)
 */
function rtnl_link_ops_get(m: Machine, kind: string): rtnl_link_ops | null {
	return link_ops.of(m).find((ops) => ops.kind === kind) ?? null;
}

/**
 * Adds a kind of link.
 * @returns 0 or -EEXIST
 * @kernel net/core/rtnetlink.c:396 (v5.10)
 */
export function rtnl_link_register(m: Machine, ops: rtnl_link_ops): number {
	if (rtnl_link_ops_get(m, ops.kind) !== null) return -EEXIST;
	link_ops.of(m).push(ops);
	return 0;
}

/**
 * Deletes a link by its kind's own way.
 * @param head collects what is to be unregistered
 * @kernel PORT: __rtnl_link_register sets dellink in C
 */
function rtnl_ops_dellink(ops: rtnl_link_ops, dev: net_device, head: net_device[]): void {
	if (ops.dellink !== undefined) ops.dellink(dev, head);
	else unregister_netdevice_queue(dev, head);
}

/**
 * Deletes all links of a kind in a namespace.
 * @kernel net/core/rtnetlink.c:412 (v5.10)
 */
function __rtnl_kill_links(net: net, ops: rtnl_link_ops): void {
	const list_kill: net_device[] = [];
	for (const dev of net.dev_base_head.slice())
		if (dev.rtnl_link_ops === ops) rtnl_ops_dellink(ops, dev, list_kill);
	unregister_netdevice_many(list_kill);
}

/**
 * Takes a kind of link away, with all its links.
 * @kernel net/core/rtnetlink.c:478 (v5.10)
 */
export function rtnl_link_unregister(m: Machine, ops: rtnl_link_ops): void {
	for (const net of m.net_namespace_list) __rtnl_kill_links(net, ops);
	const list = link_ops.of(m);
	const i = list.indexOf(ops);
	if (i >= 0) list.splice(i, 1);
}

/**
 * Finds what an address family adds to links.
 * @kernel net/core/rtnetlink.c:540 (v5.10)
 */
function rtnl_af_lookup(m: Machine, family: number): rtnl_af_ops | null {
	return af_ops_list.of(m).find((ops) => ops.family === family) ?? null;
}

/**
 * Adds an address family's part of links.
 * @kernel net/core/rtnetlink.c:558 (v5.10)
 */
export function rtnl_af_register(m: Machine, ops: rtnl_af_ops): void {
	af_ops_list.of(m).push(ops);
}

/**
 * Takes an address family's part away.
 * @kernel net/core/rtnetlink.c:570 (v5.10)
 */
export function rtnl_af_unregister(m: Machine, ops: rtnl_af_ops): void {
	const list = af_ops_list.of(m);
	const i = list.indexOf(ops);
	if (i >= 0) list.splice(i, 1);
}

/**
 * Tells whether the master of a device has something to say about it.
 * @kernel net/core/rtnetlink.c:602 (v5.10)
 */
function rtnl_have_link_slave_info(dev: net_device): boolean {
	return netdev_master_upper_dev_get(dev)?.rtnl_link_ops != null;
}

/**
 * Adds what the master says about a device.
 * @kernel net/core/rtnetlink.c:616 (v5.10)
 */
function rtnl_link_slave_info_fill(tb: nlattrs, dev: net_device): void {
	const master_dev = netdev_master_upper_dev_get(dev);
	const ops = master_dev?.rtnl_link_ops;
	if (master_dev === null || ops == null) return;
	nla_put_string(tb, IFLA_INFO_SLAVE_KIND, ops.kind);
	const slave_data = ops.fill_slave_info?.(master_dev, dev);
	if (slave_data != null) tb.set(IFLA_INFO_SLAVE_DATA, slave_data);
}

/**
 * Adds what a link's kind says about it.
 * @kernel net/core/rtnetlink.c:648 (v5.10)
 */
function rtnl_link_info_fill(tb: nlattrs, dev: net_device): void {
	const ops = dev.rtnl_link_ops;
	if (ops === null) return;
	nla_put_string(tb, IFLA_INFO_KIND, ops.kind);
	const data = ops.fill_info?.(dev);
	if (data != null) tb.set(IFLA_INFO_DATA, data);
}

/**
 * Adds IFLA_LINKINFO.
 * @kernel net/core/rtnetlink.c:680 (v5.10)
 */
function rtnl_link_fill(tb: nlattrs, dev: net_device): void {
	const linkinfo = nla_nest_start(tb, IFLA_LINKINFO);
	rtnl_link_info_fill(linkinfo, dev);
	rtnl_link_slave_info_fill(linkinfo, dev);
}

/**
 * Tells whether anyone listens to a group.
 * @param group RTNLGRP_*
 * @kernel PORT: netlink_has_listeners of net/netlink/af_netlink.c
 */
export function rtnl_has_listeners(net: net, group: number): boolean {
	const groups = rtnl_listeners.of(net.machine).get(net);
	return groups !== undefined && (groups.get(group)?.length ?? 0) > 0;
}

/**
 * Listens to a group.
 * @param group RTNLGRP_*
 * @param fn gets each message
 * @returns a function that ends it
 * @kernel PORT: netlink_bind of net/netlink/af_netlink.c
 */
export function rtnl_listen(net: net, group: number, fn: rtnl_listener): () => void {
	const all = rtnl_listeners.of(net.machine);
	let groups = all.get(net);
	if (groups === undefined) all.set(net, (groups = new Map<number, rtnl_listener[]>()));
	let list = groups.get(group);
	if (list === undefined) groups.set(group, (list = []));
	list.push(fn);
	const l = list;
	return () => {
		const i = l.indexOf(fn);
		if (i >= 0) l.splice(i, 1);
	};
}

/**
 * Sends a message to all who listen to a group.
 * @param group RTNLGRP_*
 * @kernel net/core/rtnetlink.c:728 (v5.10)
 */
export function rtnl_notify(net: net, group: number, msg: nlmsg): void {
	const list = rtnl_listeners.of(net.machine).get(net)?.get(group);
	if (list === undefined) return;
	for (const fn of list.slice()) fn(msg, group);
}

/**
 * Adds route metrics; nothing is added when there are none.
 * @param metrics RTAX_* at index RTAX_x - 1
 * @kernel net/core/rtnetlink.c:749 (v5.10)
 */
export function rtnetlink_put_metrics(tb: nlattrs, metrics: Int32Array): void {
	if (metrics === dst_default_metrics) return;
	const mx: nlattrs = new Map();
	for (let i = 0; i < RTAX_MAX; i++) {
		if (metrics[i] === 0 || i === RTAX_CC_ALGO - 1) continue;
		if (i === RTAX_FEATURES - 1) {
			const user_features = metrics[i] & RTAX_FEATURE_MASK;
			if (user_features !== 0) nla_put_u32(mx, i + 1, user_features);
			continue;
		}
		nla_put_u32(mx, i + 1, metrics[i]);
	}
	if (mx.size !== 0) tb.set(RTA_METRICS, mx);
}

/**
 * Adds RTA_CACHEINFO.
 * @param dst may be null
 * @param expires jiffies from now, negative when past, 0 for never
 * @kernel net/core/rtnetlink.c:801 (v5.10)
 */
export function rtnl_put_cacheinfo(
	tb: nlattrs,
	m: Machine,
	dst: dst_entry | null,
	id: number,
	expires: number,
	error: number,
): void {
	const ci = nla_nest_start(tb, RTA_CACHEINFO);
	ci.set(RTA_CACHEINFO_error, error);
	ci.set(RTA_CACHEINFO_id, id);
	ci.set(RTA_CACHEINFO_clntref, dst !== null ? dst.__refcnt : 0);
	ci.set(
		RTA_CACHEINFO_lastuse,
		dst !== null ? Math.trunc(((m.jiffies - dst.lastuse) * USER_HZ) / HZ) : 0,
	);
	ci.set(RTA_CACHEINFO_used, dst !== null ? dst.__use : 0);
	ci.set(RTA_CACHEINFO_expires, expires !== 0 ? Math.trunc((expires * USER_HZ) / HZ) : 0);
}

/**
 * A user or driver moves the operational state.
 * @param transition IF_OPER_*
 * @kernel net/core/rtnetlink.c:825 (v5.10)
 */
function set_operstate(dev: net_device, transition: number): void {
	let operstate = dev.operstate;
	switch (transition) {
		case IF_OPER_UP:
			if (
				operstate === IF_OPER_DORMANT ||
				operstate === IF_OPER_TESTING ||
				operstate === IF_OPER_UNKNOWN
			)
				operstate = IF_OPER_UP;
			break;
		case IF_OPER_TESTING:
			if (operstate === IF_OPER_UP || operstate === IF_OPER_UNKNOWN)
				operstate = IF_OPER_TESTING;
			break;
		case IF_OPER_DORMANT:
			if (operstate === IF_OPER_UP || operstate === IF_OPER_UNKNOWN)
				operstate = IF_OPER_DORMANT;
			break;
		default:
			break;
	}
	if (dev.operstate !== operstate) {
		dev.operstate = operstate;
		netdev_state_change(dev);
	}
}

/**
 * Flags of a device as the user set them.
 * @kernel net/core/rtnetlink.c:859 (v5.10)
 */
function rtnl_dev_get_flags(dev: net_device): number {
	return (dev.flags & ~(IFF_PROMISC | IFF_ALLMULTI)) | (dev.gflags & (IFF_PROMISC | IFF_ALLMULTI));
}

/**
 * Flags that a request asks for.
 * @kernel net/core/rtnetlink.c:865 (v5.10)
 */
function rtnl_dev_combine_flags(dev: net_device, ifm: ifinfomsg_msg): number {
	let flags = ifm.ifi_flags;
	if (ifm.ifi_change !== 0)
		flags = (flags & ifm.ifi_change) | (rtnl_dev_get_flags(dev) & ~ifm.ifi_change);
	return flags;
}

/**
 * Adds IFLA_STATS64.
 * @kernel net/core/rtnetlink.c:1197 (v5.10)
 */
function rtnl_fill_stats(tb: nlattrs, dev: net_device): void {
	const sp = dev_get_stats(dev, new rtnl_link_stats64());
	const a = nla_nest_start(tb, IFLA_STATS64);
	a.set(RTNL_LINK_STATS64_rx_packets, sp.rx_packets);
	a.set(RTNL_LINK_STATS64_tx_packets, sp.tx_packets);
	a.set(RTNL_LINK_STATS64_rx_bytes, sp.rx_bytes);
	a.set(RTNL_LINK_STATS64_tx_bytes, sp.tx_bytes);
	a.set(RTNL_LINK_STATS64_rx_errors, sp.rx_errors);
	a.set(RTNL_LINK_STATS64_tx_errors, sp.tx_errors);
	a.set(RTNL_LINK_STATS64_rx_dropped, sp.rx_dropped);
	a.set(RTNL_LINK_STATS64_tx_dropped, sp.tx_dropped);
	a.set(RTNL_LINK_STATS64_multicast, sp.multicast);
	a.set(RTNL_LINK_STATS64_collisions, sp.collisions);
	a.set(RTNL_LINK_STATS64_rx_length_errors, sp.rx_length_errors);
	a.set(RTNL_LINK_STATS64_rx_over_errors, sp.rx_over_errors);
	a.set(RTNL_LINK_STATS64_rx_crc_errors, sp.rx_crc_errors);
	a.set(RTNL_LINK_STATS64_rx_frame_errors, sp.rx_frame_errors);
	a.set(RTNL_LINK_STATS64_rx_fifo_errors, sp.rx_fifo_errors);
	a.set(RTNL_LINK_STATS64_rx_missed_errors, sp.rx_missed_errors);
	a.set(RTNL_LINK_STATS64_tx_aborted_errors, sp.tx_aborted_errors);
	a.set(RTNL_LINK_STATS64_tx_carrier_errors, sp.tx_carrier_errors);
	a.set(RTNL_LINK_STATS64_tx_fifo_errors, sp.tx_fifo_errors);
	a.set(RTNL_LINK_STATS64_tx_heartbeat_errors, sp.tx_heartbeat_errors);
	a.set(RTNL_LINK_STATS64_tx_window_errors, sp.tx_window_errors);
	a.set(RTNL_LINK_STATS64_rx_compressed, 0);
	a.set(RTNL_LINK_STATS64_tx_compressed, 0);
	a.set(RTNL_LINK_STATS64_rx_nohandler, sp.rx_nohandler);
}

/* include/uapi/linux/if_link.h IFLA_EVENT_* */
const IFLA_EVENT_NONE = 0;
const IFLA_EVENT_REBOOT = 1;
const IFLA_EVENT_FEATURES = 2;
const IFLA_EVENT_NOTIFY_PEERS = 4;
const IFLA_EVENT_BONDING_OPTIONS = 6;

/**
 * What IFLA_EVENT says of a device event.
 * @param event NETDEV_*
 * @kernel net/core/rtnetlink.c:1505 (v5.10)
 */
function rtnl_get_event(event: number): number {
	switch (event) {
		case NETDEV_REBOOT:
			return IFLA_EVENT_REBOOT;
		case NETDEV_FEAT_CHANGE:
			return IFLA_EVENT_FEATURES;
		case NETDEV_NOTIFY_PEERS:
			return IFLA_EVENT_NOTIFY_PEERS;
		case NETDEV_CHANGEINFODATA:
			return IFLA_EVENT_BONDING_OPTIONS;
		default:
			return IFLA_EVENT_NONE;
	}
}

/**
 * Adds the index of a device's master.
 * @kernel net/core/rtnetlink.c:1535 (v5.10)
 */
function put_master_ifindex(tb: nlattrs, dev: net_device): void {
	const upper_dev = netdev_master_upper_dev_get(dev);
	if (upper_dev !== null) nla_put_u32(tb, IFLA_MASTER, upper_dev.ifindex);
}

/**
 * Adds the index of the other end or the lower device.
 * @param force also when it is the device's own index
 * @kernel net/core/rtnetlink.c:1550 (v5.10)
 */
function nla_put_iflink(tb: nlattrs, dev: net_device, force: boolean): void {
	const ifindex = dev_get_iflink(dev);
	if (force || dev.ifindex !== ifindex) nla_put_u32(tb, IFLA_LINK, ifindex);
}

/**
 * Adds the namespace of the other end, and its index there.
 * @param src_net namespace of the asker
 * @kernel net/core/rtnetlink.c:1571 (v5.10)
 */
function rtnl_fill_link_netnsid(tb: nlattrs, dev: net_device, src_net: net): void {
	let put_iflink = false;
	const link_net = dev.rtnl_link_ops?.get_link_net?.(dev);
	if (link_net !== undefined && link_net !== dev_net(dev)) {
		nla_put_s32(tb, IFLA_LINK_NETNSID, peernet2id_alloc(src_net, link_net));
		put_iflink = true;
	}
	nla_put_iflink(tb, dev, put_iflink);
}

/**
 * Adds what the address families say about a device.
 * @param ext_filter_mask RTEXT_FILTER_*
 * @kernel net/core/rtnetlink.c:1593 (v5.10)
 */
function rtnl_fill_link_af(tb: nlattrs, dev: net_device, ext_filter_mask: number): void {
	const af_spec = nla_nest_start(tb, IFLA_AF_SPEC);
	for (const ops of af_ops_list.of(dev.machine)) {
		const af = ops.fill_link_af?.(dev, ext_filter_mask);
		if (af != null) af_spec.set(ops.family, af);
	}
}

/**
 * Adds alternative names.
 * @kernel net/core/rtnetlink.c:1648 (v5.10)
 */
function rtnl_fill_prop_list(tb: nlattrs, dev: net_device): void {
	if (dev.altnames.length === 0) return;
	tb.set(
		IFLA_PROP_LIST,
		dev.altnames.map((name): nlattrs => new Map([[IFLA_ALT_IFNAME, name]])),
	);
}

/**
 * Describes a device in a message.
 * @param src_net namespace of the asker
 * @param type RTM_NEWLINK or RTM_DELLINK
 * @param change flags that changed
 * @param flags NLM_F_*
 * @param ext_filter_mask RTEXT_FILTER_*
 * @param event IFLA_EVENT_*
 * @param tgt_netnsid id of the device's namespace when the asker named one, else -1
 * @kernel net/core/rtnetlink.c:1699 (v5.10)
 */
function rtnl_fill_ifinfo(
	dev: net_device,
	src_net: net,
	type: number,
	change: number,
	flags: number,
	ext_filter_mask: number,
	event: number,
	tgt_netnsid: number,
): ifinfomsg_msg {
	const ifm = new ifinfomsg_msg(type, flags);
	const tb = ifm.tb;
	ifm.ifi_family = AF_UNSPEC;
	ifm.ifi_type = dev.type;
	ifm.ifi_index = dev.ifindex;
	ifm.ifi_flags = dev_get_flags(dev);
	ifm.ifi_change = change;

	if (tgt_netnsid >= 0) nla_put_s32(tb, IFLA_TARGET_NETNSID, tgt_netnsid);
	nla_put_string(tb, IFLA_IFNAME, dev.name);
	nla_put_u32(tb, IFLA_TXQLEN, dev.tx_queue_len);
	nla_put_u8(tb, IFLA_OPERSTATE, netif_running(dev) ? dev.operstate : IF_OPER_DOWN);
	nla_put_u8(tb, IFLA_LINKMODE, dev.link_mode);
	nla_put_u32(tb, IFLA_MTU, dev.mtu);
	nla_put_u32(tb, IFLA_MIN_MTU, dev.min_mtu);
	nla_put_u32(tb, IFLA_MAX_MTU, dev.max_mtu);
	nla_put_u32(tb, IFLA_GROUP, dev.group);
	nla_put_u32(tb, IFLA_PROMISCUITY, dev.promiscuity);
	nla_put_u32(tb, IFLA_NUM_TX_QUEUES, 1);
	nla_put_u32(tb, IFLA_GSO_MAX_SEGS, dev.gso_max_segs);
	nla_put_u32(tb, IFLA_GSO_MAX_SIZE, dev.gso_max_size);
	nla_put_u32(tb, IFLA_NUM_RX_QUEUES, 1);
	put_master_ifindex(tb, dev);
	nla_put_u8(tb, IFLA_CARRIER, netif_carrier_ok(dev) ? 1 : 0);
	nla_put_string(tb, IFLA_QDISC, qdisc_attached.of(dev.machine).has(dev) ? 'noqueue' : 'noop');
	nla_put_u32(tb, IFLA_CARRIER_CHANGES, dev.carrier_up_count + dev.carrier_down_count);
	nla_put_u32(tb, IFLA_CARRIER_UP_COUNT, dev.carrier_up_count);
	nla_put_u32(tb, IFLA_CARRIER_DOWN_COUNT, dev.carrier_down_count);
	nla_put_u8(tb, IFLA_PROTO_DOWN, dev.proto_down ? 1 : 0);
	if (event !== IFLA_EVENT_NONE) nla_put_u32(tb, IFLA_EVENT, event);
	if (dev.addr_len !== 0) {
		nla_put(tb, IFLA_ADDRESS, dev.dev_addr.slice(0, dev.addr_len));
		nla_put(tb, IFLA_BROADCAST, dev.broadcast.slice(0, dev.addr_len));
	}
	rtnl_fill_stats(tb, dev);
	if (dev.rtnl_link_ops !== null || rtnl_have_link_slave_info(dev)) rtnl_link_fill(tb, dev);
	rtnl_fill_link_netnsid(tb, dev, src_net);
	const perm_addr = dev.perm_addr.slice(0, dev.addr_len);
	if (perm_addr.some((b) => b !== 0)) nla_put(tb, IFLA_PERM_ADDRESS, perm_addr);
	rtnl_fill_link_af(tb, dev, ext_filter_mask);
	rtnl_fill_prop_list(tb, dev);
	return ifm;
}

/**
 * Kind of link that a filter names.
 * @returns null when it is unknown or absent
 * @kernel net/core/rtnetlink.c:1931 (v5.10)
 */
function linkinfo_to_kind_ops(m: Machine, tb: nlattrs): rtnl_link_ops | null {
	const linfo = nla_parse_nested(tb, IFLA_LINKINFO);
	const kind = linfo !== null ? nla_strdup(linfo, IFLA_INFO_KIND) : null;
	return kind !== null ? rtnl_link_ops_get(m, kind) : null;
}

/**
 * Does a dump leave a device out because of its master?
 * @param master_idx 0: no filter
 * @kernel net/core/rtnetlink.c:1949 (v5.10)
 */
function link_master_filtered(dev: net_device, master_idx: number): boolean {
	if (master_idx === 0) return false;
	return netdev_master_upper_dev_get(dev)?.ifindex !== master_idx;
}

/**
 * Does a dump leave a device out because of its kind?
 * @param kind_ops null: no filter
 * @kernel net/core/rtnetlink.c:1963 (v5.10)
 */
function link_kind_filtered(dev: net_device, kind_ops: rtnl_link_ops | null): boolean {
	return kind_ops !== null && dev.rtnl_link_ops !== kind_ops;
}

/**
 * Does a dump leave a device out?
 * @kernel net/core/rtnetlink.c:1972 (v5.10)
 */
function link_dump_filtered(
	dev: net_device,
	master_idx: number,
	kind_ops: rtnl_link_ops | null,
): boolean {
	return link_master_filtered(dev, master_idx) || link_kind_filtered(dev, kind_ops);
}

/**
 * Namespace by the id another one knows it by.
 * @returns null when there is none
 * @kernel PORT: net/core/net_namespace.c get_net_ns_by_id
 */
function get_net_ns_by_id(net: net, id: number): net | null {
	return net.netns_ids[id] ?? null;
}

/**
 * Namespace with an id.
 * @returns the namespace or -EINVAL
 * @kernel net/core/rtnetlink.c:1991 (v5.10)
 */
export function rtnl_get_net_ns_capable(src_net: net, netnsid: number): net | number {
	return get_net_ns_by_id(src_net, netnsid) ?? -EINVAL;
}

/**
 * Checks the header of a link dump request.
 * @returns 0 or -EINVAL
 * @kernel net/core/rtnetlink.c:2010 (v5.10)
 */
function rtnl_valid_dump_ifinfo_req(nlh: nlmsg, extack: netlink_ext_ack | null): number {
	if (!(nlh instanceof ifinfomsg_msg)) {
		NL_SET_ERR_MSG(extack, 'Invalid header for link dump');
		return -EINVAL;
	}
	if (nlh.ifi_type !== 0 || nlh.ifi_flags !== 0 || nlh.ifi_change !== 0) {
		NL_SET_ERR_MSG(extack, 'Invalid values in header for link dump request');
		return -EINVAL;
	}
	if (nlh.ifi_index !== 0) {
		NL_SET_ERR_MSG(extack, 'Filter by device index not supported for link dumps');
		return -EINVAL;
	}
	return 0;
}

/**
 * RTM_GETLINK with NLM_F_DUMP.
 * @returns 0 or -EINVAL
 * @kernel net/core/rtnetlink.c:2054 (v5.10)
 */
function rtnl_dump_ifinfo(
	net: net,
	nlh: nlmsg,
	out: nlmsg[],
	extack: netlink_ext_ack | null,
): number {
	let tgt_net = net;
	let ext_filter_mask = 0;
	let kind_ops: rtnl_link_ops | null = null;
	let flags = NLM_F_MULTI;
	let master_idx = 0;
	let netnsid = -1;
	const err = rtnl_valid_dump_ifinfo_req(nlh, extack);
	if (err < 0) return err;
	const tb = nlh.tb;
	for (const i of tb.keys()) {
		switch (i) {
			case IFLA_TARGET_NETNSID: {
				netnsid = nla_get_s32(tb, i) ?? -1;
				const n = rtnl_get_net_ns_capable(net, netnsid);
				if (IS_ERR(n)) {
					NL_SET_ERR_MSG(extack, 'Invalid target network namespace id');
					return n;
				}
				tgt_net = n;
				break;
			}
			case IFLA_EXT_MASK:
				ext_filter_mask = nla_get_u32(tb, i) ?? 0;
				break;
			case IFLA_MASTER:
				master_idx = nla_get_u32(tb, i) ?? 0;
				break;
			case IFLA_LINKINFO:
				kind_ops = linkinfo_to_kind_ops(net.machine, tb);
				break;
			default:
				NL_SET_ERR_MSG(extack, 'Unsupported attribute in link dump request');
				return -EINVAL;
		}
	}
	if (master_idx !== 0 || kind_ops !== null) flags |= NLM_F_DUMP_FILTERED;
	/* C walks the hash of indices, which for less than 256 devices is in ascending order. */
	const devs = tgt_net.dev_base_head.slice().sort((a, b) => a.ifindex - b.ifindex);
	for (const dev of devs) {
		if (link_dump_filtered(dev, master_idx, kind_ops)) continue;
		out.push(
			rtnl_fill_ifinfo(dev, net, RTM_NEWLINK, 0, flags, ext_filter_mask, 0, netnsid),
		);
	}
	return 0;
}

/**
 * Namespace that a request names by process or descriptor.
 * PORT: both attributes hold net.inum.
 * @returns the namespace, src_net when none is named, -EINVAL when there is no such
 * @kernel net/core/rtnetlink.c:2164 (v5.10)
 */
export function rtnl_link_get_net(src_net: net, tb: nlattrs): net | number {
	const inum = nla_get_u32(tb, IFLA_NET_NS_PID) ?? nla_get_u32(tb, IFLA_NET_NS_FD);
	if (inum === null) return src_net;
	return src_net.machine.net_namespace_list.find((n) => n.inum === inum) ?? -EINVAL;
}

/**
 * Namespace that a request names in any way.
 * @returns the namespace, src_net when none is named, -EINVAL when there is no such
 * @kernel net/core/rtnetlink.c:2187 (v5.10)
 */
function rtnl_link_get_net_by_nlattr(src_net: net, tb: nlattrs): net | number {
	if (tb.has(IFLA_NET_NS_PID) || tb.has(IFLA_NET_NS_FD)) return rtnl_link_get_net(src_net, tb);
	const id = nla_get_u32(tb, IFLA_TARGET_NETNSID);
	if (id === null) return src_net;
	return get_net_ns_by_id(src_net, id) ?? -EINVAL;
}

/**
 * Refuses a request that names namespaces in several ways.
 * @param netns_id_only only IFLA_TARGET_NETNSID is allowed
 * @returns 0, -EINVAL or -EOPNOTSUPP
 * @kernel net/core/rtnetlink.c:2226 (v5.10)
 */
function rtnl_ensure_unique_netns(
	tb: nlattrs,
	extack: netlink_ext_ack | null,
	netns_id_only: boolean,
): number {
	const pid = tb.has(IFLA_NET_NS_PID);
	const fd = tb.has(IFLA_NET_NS_FD);
	const id = tb.has(IFLA_TARGET_NETNSID);
	if (netns_id_only) {
		if (!pid && !fd) return 0;
		NL_SET_ERR_MSG(extack, 'specified netns attribute not supported');
		return -EOPNOTSUPP;
	}
	if ((id && (pid || fd)) || (pid && fd)) {
		NL_SET_ERR_MSG(extack, 'multiple netns identifying attributes specified');
		return -EINVAL;
	}
	return 0;
}

/**
 * Checks what can be checked before a link is touched.
 * @param dev null for a new one
 * @returns 0, -EINVAL, -EAFNOSUPPORT, -EOPNOTSUPP
 * @kernel net/core/rtnetlink.c:2255 (v5.10)
 */
function validate_linkmsg(m: Machine, dev: net_device | null, tb: nlattrs): number {
	if (dev !== null) {
		const addr = nla_data(tb, IFLA_ADDRESS);
		if (addr !== null && addr.length < dev.addr_len) return -EINVAL;
		const bcast = nla_data(tb, IFLA_BROADCAST);
		if (bcast !== null && bcast.length < dev.addr_len) return -EINVAL;
	}
	const af_spec = nla_parse_nested(tb, IFLA_AF_SPEC);
	if (af_spec !== null) {
		for (const family of af_spec.keys()) {
			const ops = rtnl_af_lookup(m, family);
			if (ops === null) return -EAFNOSUPPORT;
			if (ops.set_link_af === undefined) return -EOPNOTSUPP;
			const af = nla_parse_nested(af_spec, family);
			if (af === null) return -EINVAL;
			const err = ops.validate_link_af?.(dev, af) ?? 0;
			if (err < 0) return err;
		}
	}
	return 0;
}

/**
 * Puts a device under a master, or takes it off with index 0.
 * @param ifindex the master
 * @returns 0, -EINVAL when there is no such device, -EOPNOTSUPP, or the master's errno
 * @kernel net/core/rtnetlink.c:2491 (v5.10)
 */
function do_set_master(
	dev: net_device,
	ifindex: number,
	extack: netlink_ext_ack | null,
): number {
	let upper_dev = netdev_master_upper_dev_get(dev);
	if (upper_dev !== null) {
		if (upper_dev.ifindex === ifindex) return 0;
		const del = upper_dev.netdev_ops.ndo_del_slave;
		if (del === undefined) return -EOPNOTSUPP;
		const err = del(upper_dev, dev);
		if (err !== 0) return err;
	}
	if (ifindex !== 0) {
		upper_dev = __dev_get_by_index(dev_net(dev), ifindex);
		if (upper_dev === null) return -EINVAL;
		const add = upper_dev.netdev_ops.ndo_add_slave;
		if (add === undefined) return -EOPNOTSUPP;
		const err = add(upper_dev, dev, extack);
		if (err !== 0) return err;
	}
	return 0;
}

const DO_SETLINK_MODIFIED = 0x01;
const DO_SETLINK_NOTIFY = 0x03;

/**
 * Sets what a request asks for, in a fixed order, until something fails.
 * @param ifname new name, empty for none
 * @param status DO_SETLINK_* of what was done before
 * @returns 0 or the first errno
 * @kernel net/core/rtnetlink.c:2591 (v5.10)
 */
function do_setlink(
	dev: net_device,
	ifm: ifinfomsg_msg,
	extack: netlink_ext_ack | null,
	ifname: string,
	status: number,
): number {
	const tb = ifm.tb;
	let err = validate_linkmsg(dev.machine, dev, tb);
	if (err < 0) return err;

	errout: {
		if (tb.has(IFLA_NET_NS_PID) || tb.has(IFLA_NET_NS_FD) || tb.has(IFLA_TARGET_NETNSID)) {
			const net = rtnl_link_get_net_by_nlattr(dev_net(dev), tb);
			if (IS_ERR(net)) {
				err = net;
				break errout;
			}
			err = dev_change_net_namespace(dev, net, ifname);
			if (err !== 0) break errout;
			status |= DO_SETLINK_MODIFIED;
		}
		if (tb.has(IFLA_MAP)) {
			err = -EOPNOTSUPP;
			break errout;
		}
		const addr = nla_data(tb, IFLA_ADDRESS);
		if (addr !== null) {
			err = dev_set_mac_address(dev, addr.slice(0, dev.addr_len));
			if (err !== 0) break errout;
			status |= DO_SETLINK_MODIFIED;
		}
		const mtu = nla_get_u32(tb, IFLA_MTU);
		if (mtu !== null) {
			err = dev_set_mtu_ext(dev, mtu | 0, extack);
			if (err < 0) break errout;
			status |= DO_SETLINK_MODIFIED;
		}
		const group = nla_get_u32(tb, IFLA_GROUP);
		if (group !== null) {
			dev.group = group;
			status |= DO_SETLINK_NOTIFY;
		}
		if (ifm.ifi_index > 0 && ifname !== '') {
			err = dev_change_name(dev, ifname);
			if (err < 0) break errout;
			status |= DO_SETLINK_MODIFIED;
		}
		if (tb.has(IFLA_IFALIAS)) {
			err = -EOPNOTSUPP;
			break errout;
		}
		const bcast = nla_data(tb, IFLA_BROADCAST);
		if (bcast !== null) {
			dev.broadcast.set(bcast.slice(0, dev.addr_len));
			call_netdevice_notifiers(NETDEV_CHANGEADDR, dev);
		}
		if (ifm.ifi_flags !== 0 || ifm.ifi_change !== 0) {
			err = dev_change_flags(dev, rtnl_dev_combine_flags(dev, ifm), extack);
			if (err < 0) break errout;
		}
		const master = nla_get_u32(tb, IFLA_MASTER);
		if (master !== null) {
			err = do_set_master(dev, master, extack);
			if (err !== 0) break errout;
			status |= DO_SETLINK_MODIFIED;
		}
		if (tb.has(IFLA_CARRIER)) {
			err = -EOPNOTSUPP;
			break errout;
		}
		const txqlen = nla_get_u32(tb, IFLA_TXQLEN);
		if (txqlen !== null) {
			dev.tx_queue_len = txqlen;
			status |= DO_SETLINK_MODIFIED;
		}
		const max_size = nla_get_u32(tb, IFLA_GSO_MAX_SIZE);
		if (max_size !== null) {
			if (max_size > GSO_MAX_SIZE) {
				err = -EINVAL;
				break errout;
			}
			if (dev.gso_max_size !== max_size) {
				dev.gso_max_size = max_size;
				status |= DO_SETLINK_MODIFIED;
			}
		}
		const max_segs = nla_get_u32(tb, IFLA_GSO_MAX_SEGS);
		if (max_segs !== null) {
			if (max_segs > GSO_MAX_SEGS) {
				err = -EINVAL;
				break errout;
			}
			if (dev.gso_max_segs !== max_segs) {
				dev.gso_max_segs = max_segs;
				status |= DO_SETLINK_MODIFIED;
			}
		}
		const operstate = nla_get_u8(tb, IFLA_OPERSTATE);
		if (operstate !== null) set_operstate(dev, operstate);
		const linkmode = nla_get_u8(tb, IFLA_LINKMODE);
		if (linkmode !== null) {
			if (dev.link_mode !== linkmode) status |= DO_SETLINK_NOTIFY;
			dev.link_mode = linkmode;
		}
		err = 0;
		const af_spec = nla_parse_nested(tb, IFLA_AF_SPEC);
		if (af_spec !== null) {
			for (const family of af_spec.keys()) {
				const af = nla_parse_nested(af_spec, family);
				err = rtnl_af_lookup(dev.machine, family)!.set_link_af!(dev, af!);
				if (err < 0) break errout;
				status |= DO_SETLINK_NOTIFY;
			}
		}
		err = 0;
		if (tb.has(IFLA_PROTO_DOWN) || tb.has(IFLA_PROTO_DOWN_REASON)) {
			NL_SET_ERR_MSG(extack, 'Protodown not supported by device');
			err = -EOPNOTSUPP;
			break errout;
		}
		if (tb.has(IFLA_XDP)) err = -EOPNOTSUPP;
	}
	if ((status & DO_SETLINK_MODIFIED) !== 0) {
		if ((status & DO_SETLINK_NOTIFY) === DO_SETLINK_NOTIFY) netdev_state_change(dev);
		if (err < 0)
			dev.machine.printk(
				`A link change request failed with some changes committed already. Interface ${dev.name} may have been left with an inconsistent configuration, please check.`,
			);
	}
	return err;
}

/**
 * Device that a request names by name or alternative name.
 * @returns null when there is none
 * @kernel net/core/rtnetlink.c:2946 (v5.10)
 */
function rtnl_dev_get(net: net, tb: nlattrs): net_device | null {
	const name = nla_strdup(tb, IFLA_IFNAME) ?? nla_strdup(tb, IFLA_ALT_IFNAME);
	return name !== null ? __dev_get_by_name(net, name) : null;
}

/**
 * Checks the length of the name in a request.
 * @returns the name, empty when there is none, or -ERANGE
 * @kernel PORT: ifla_policy
 */
function rtnl_ifname(tb: nlattrs): string | number {
	const ifname = nla_strdup(tb, IFLA_IFNAME);
	if (ifname === null) return '';
	return ifname.length > IFNAMSIZ - 1 ? -ERANGE : ifname;
}

/**
 * RTM_SETLINK.
 * @returns 0, -EINVAL, -ENODEV or what do_setlink() says
 * @kernel net/core/rtnetlink.c:2966 (v5.10)
 */
function rtnl_setlink(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	const ifm = nlh as ifinfomsg_msg;
	const tb = ifm.tb;
	const err = rtnl_ensure_unique_netns(tb, extack, false);
	if (err < 0) return err;
	const ifname = rtnl_ifname(tb);
	if (typeof ifname === 'number') return ifname;
	let dev: net_device | null;
	if (ifm.ifi_index > 0) dev = __dev_get_by_index(net, ifm.ifi_index);
	else if (tb.has(IFLA_IFNAME) || tb.has(IFLA_ALT_IFNAME)) dev = rtnl_dev_get(net, tb);
	else return -EINVAL;
	if (dev === null) return -ENODEV;
	return do_setlink(dev, ifm, extack, ifname, 0);
}

/**
 * Deletes all links of a group.
 * @returns 0, -EPERM for group 0, -EOPNOTSUPP, -ENODEV
 * @kernel net/core/rtnetlink.c:3009 (v5.10)
 */
function rtnl_group_dellink(net: net, group: number): number {
	if (group === 0) return -EPERM;
	const devs = net.dev_base_head.filter((dev) => dev.group === group);
	for (const dev of devs) if (dev.rtnl_link_ops === null) return -EOPNOTSUPP;
	if (devs.length === 0) return -ENODEV;
	const list_kill: net_device[] = [];
	for (const dev of devs) rtnl_ops_dellink(dev.rtnl_link_ops!, dev, list_kill);
	unregister_netdevice_many(list_kill);
	return 0;
}

/**
 * Deletes a link.
 * @returns 0, or -EOPNOTSUPP for a device that was not made by a user
 * @kernel net/core/rtnetlink.c:3045 (v5.10)
 */
export function rtnl_delete_link(dev: net_device): number {
	const ops = dev.rtnl_link_ops;
	if (ops === null) return -EOPNOTSUPP;
	const list_kill: net_device[] = [];
	rtnl_ops_dellink(ops, dev, list_kill);
	unregister_netdevice_many(list_kill);
	return 0;
}

/**
 * RTM_DELLINK.
 * @returns 0, -EINVAL, -ENODEV, -EOPNOTSUPP, -EPERM
 * @kernel net/core/rtnetlink.c:3061 (v5.10)
 */
function rtnl_dellink(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	const ifm = nlh as ifinfomsg_msg;
	const tb = ifm.tb;
	let err = rtnl_ensure_unique_netns(tb, extack, true);
	if (err < 0) return err;
	let tgt_net = net;
	const netnsid = nla_get_s32(tb, IFLA_TARGET_NETNSID);
	if (netnsid !== null) {
		const n = rtnl_get_net_ns_capable(net, netnsid);
		if (IS_ERR(n)) return n;
		tgt_net = n;
	}
	err = -EINVAL;
	let dev: net_device | null = null;
	if (ifm.ifi_index > 0) dev = __dev_get_by_index(tgt_net, ifm.ifi_index);
	else if (tb.has(IFLA_IFNAME) || tb.has(IFLA_ALT_IFNAME)) dev = rtnl_dev_get(net, tb);
	else if (tb.has(IFLA_GROUP))
		err = rtnl_group_dellink(tgt_net, nla_get_u32(tb, IFLA_GROUP) ?? 0);
	else return err;
	if (dev === null) {
		if (tb.has(IFLA_IFNAME) || ifm.ifi_index > 0) err = -ENODEV;
		return err;
	}
	return rtnl_delete_link(dev);
}

/**
 * Sets the flags of a new link and announces it.
 * @param ifm the request, or null
 * @returns 0 or a negative errno
 * @kernel net/core/rtnetlink.c:3116 (v5.10)
 */
export function rtnl_configure_link(dev: net_device, ifm: ifinfomsg_msg | null): number {
	const old_flags = dev.flags;
	if (ifm !== null && (ifm.ifi_flags !== 0 || ifm.ifi_change !== 0)) {
		const err = __dev_change_flags(dev, rtnl_dev_combine_flags(dev, ifm), null);
		if (err < 0) return err;
	}
	dev.rtnl_link_state = 'initialized';
	__dev_notify_flags(dev, old_flags);
	return 0;
}

/** Operations of a link until its kind's setup has run. */
const no_netdev_ops: net_device_ops = {
	ndo_start_xmit: (skb) => {
		kfree_skb(skb);
		return NETDEV_TX_OK;
	},
};

/**
 * Makes a link that is not registered yet.
 * @param ifname a name or template
 * @param name_assign_type NET_NAME_*
 * @returns the device or a negative errno
 * @kernel net/core/rtnetlink.c:3139 (v5.10)
 */
export function rtnl_create_link(
	net: net,
	ifname: string,
	name_assign_type: number,
	ops: rtnl_link_ops,
	tb: nlattrs,
	extack: netlink_ext_ack | null,
): net_device | number {
	const num_tx_queues = nla_get_u32(tb, IFLA_NUM_TX_QUEUES) ?? 1;
	const num_rx_queues = nla_get_u32(tb, IFLA_NUM_RX_QUEUES) ?? 1;
	if (num_tx_queues < 1 || num_tx_queues > 4096) {
		NL_SET_ERR_MSG(extack, 'Invalid number of transmit queues');
		return -EINVAL;
	}
	if (num_rx_queues < 1 || num_rx_queues > 4096) {
		NL_SET_ERR_MSG(extack, 'Invalid number of receive queues');
		return -EINVAL;
	}
	const dev = alloc_netdev(
		net,
		ifname,
		name_assign_type,
		no_netdev_ops,
		ops.setup,
		ops.alloc_priv?.() ?? null,
	);
	dev.rtnl_link_ops = ops;
	dev.rtnl_link_state = 'initializing';
	const mtu = nla_get_u32(tb, IFLA_MTU);
	if (mtu !== null) {
		const err = dev_validate_mtu(dev, mtu | 0, extack);
		if (err !== 0) return err;
		dev.mtu = mtu;
	}
	const addr = nla_data(tb, IFLA_ADDRESS);
	if (addr !== null) {
		dev.dev_addr.set(addr.slice(0, dev.dev_addr.length));
		dev.addr_assign_type = NET_ADDR_SET;
	}
	const bcast = nla_data(tb, IFLA_BROADCAST);
	if (bcast !== null) dev.broadcast.set(bcast.slice(0, dev.broadcast.length));
	dev.tx_queue_len = nla_get_u32(tb, IFLA_TXQLEN) ?? dev.tx_queue_len;
	const operstate = nla_get_u8(tb, IFLA_OPERSTATE);
	if (operstate !== null) set_operstate(dev, operstate);
	dev.link_mode = nla_get_u8(tb, IFLA_LINKMODE) ?? dev.link_mode;
	dev.group = nla_get_u32(tb, IFLA_GROUP) ?? dev.group;
	dev.gso_max_size = nla_get_u32(tb, IFLA_GSO_MAX_SIZE) ?? dev.gso_max_size;
	dev.gso_max_segs = nla_get_u32(tb, IFLA_GSO_MAX_SEGS) ?? dev.gso_max_segs;
	return dev;
}

/**
 * Changes all links of a group.
 * @returns 0 or the first errno
 * @kernel net/core/rtnetlink.c:3214 (v5.10)
 */
function rtnl_group_changelink(
	net: net,
	group: number,
	ifm: ifinfomsg_msg,
	extack: netlink_ext_ack | null,
): number {
	for (const dev of net.dev_base_head.slice()) {
		if (dev.group !== group) continue;
		const err = do_setlink(dev, ifm, extack, '', 0);
		if (err < 0) return err;
	}
	return 0;
}

/**
 * RTM_NEWLINK: changes the link when it is there, makes it when it is not.
 * @returns 0 or a negative errno
 * @kernel net/core/rtnetlink.c:3234 (v5.10)
 */
function __rtnl_newlink(
	net: net,
	ifm: ifinfomsg_msg,
	extack: netlink_ext_ack | null,
): number {
	const m = net.machine;
	const tb = ifm.tb;
	let name_assign_type = NET_NAME_USER;
	let err = rtnl_ensure_unique_netns(tb, extack, false);
	if (err < 0) return err;
	const name = rtnl_ifname(tb);
	if (typeof name === 'number') return name;
	let ifname = name;

	let dev: net_device | null = null;
	if (ifm.ifi_index > 0) dev = __dev_get_by_index(net, ifm.ifi_index);
	else if (tb.has(IFLA_IFNAME) || tb.has(IFLA_ALT_IFNAME)) dev = rtnl_dev_get(net, tb);

	let master_dev: net_device | null = null;
	let m_ops: rtnl_link_ops | null = null;
	if (dev !== null) {
		master_dev = netdev_master_upper_dev_get(dev);
		if (master_dev !== null) m_ops = master_dev.rtnl_link_ops;
	}
	err = validate_linkmsg(m, dev, tb);
	if (err < 0) return err;

	const linkinfo = nla_parse_nested(tb, IFLA_LINKINFO) ?? (new Map() as nlattrs);
	const kind = nla_strdup(linkinfo, IFLA_INFO_KIND) ?? '';
	const ops = kind !== '' ? rtnl_link_ops_get(m, kind) : null;
	const data = ops !== null ? nla_parse_nested(linkinfo, IFLA_INFO_DATA) : null;
	if (ops?.validate !== undefined) {
		err = ops.validate(tb, data, extack);
		if (err < 0) return err;
	}
	const slave_data = m_ops !== null ? nla_parse_nested(linkinfo, IFLA_INFO_SLAVE_DATA) : null;

	if (dev !== null) {
		let status = 0;
		if ((ifm.flags & NLM_F_EXCL) !== 0) return -EEXIST;
		if ((ifm.flags & NLM_F_REPLACE) !== 0) return -EOPNOTSUPP;
		if (linkinfo.has(IFLA_INFO_DATA)) {
			if (ops === null || ops !== dev.rtnl_link_ops || ops.changelink === undefined)
				return -EOPNOTSUPP;
			err = ops.changelink(dev, tb, data, extack);
			if (err < 0) return err;
			status |= DO_SETLINK_NOTIFY;
		}
		if (linkinfo.has(IFLA_INFO_SLAVE_DATA)) {
			if (m_ops?.slave_changelink === undefined) return -EOPNOTSUPP;
			err = m_ops.slave_changelink(master_dev!, dev, tb, slave_data, extack);
			if (err < 0) return err;
			status |= DO_SETLINK_NOTIFY;
		}
		return do_setlink(dev, ifm, extack, ifname, status);
	}

	if ((ifm.flags & NLM_F_CREATE) === 0) {
		const group = nla_get_u32(tb, IFLA_GROUP);
		if (ifm.ifi_index === 0 && group !== null)
			return rtnl_group_changelink(net, group, ifm, extack);
		return -ENODEV;
	}
	if (tb.has(IFLA_MAP) || tb.has(IFLA_PROTINFO)) return -EOPNOTSUPP;
	if (ops === null) {
		NL_SET_ERR_MSG(extack, 'Unknown device type');
		return -EOPNOTSUPP;
	}
	if (ifname === '') {
		ifname = `${ops.kind}%d`;
		name_assign_type = NET_NAME_ENUM;
	}
	const dest_net = rtnl_link_get_net_by_nlattr(net, tb);
	if (IS_ERR(dest_net)) return dest_net;
	let link_net: net | null = null;
	const link_nsid = nla_get_s32(tb, IFLA_LINK_NETNSID);
	if (link_nsid !== null) {
		link_net = get_net_ns_by_id(dest_net, link_nsid);
		if (link_net === null) {
			NL_SET_ERR_MSG(extack, 'Unknown network namespace id');
			return -EINVAL;
		}
	}
	const made = rtnl_create_link(
		link_net ?? dest_net,
		ifname,
		name_assign_type,
		ops,
		tb,
		extack,
	);
	if (IS_ERR(made)) return made;
	dev = made;
	dev.ifindex = ifm.ifi_index;

	if (ops.newlink !== undefined) {
		err = ops.newlink(link_net ?? net, dev, tb, data, extack);
		if (err < 0) {
			if (
				dev.reg_state === NETREG_UNINITIALIZED ||
				dev.reg_state === NETREG_UNREGISTERED
			)
				dev.priv = null;
			return err;
		}
	} else {
		err = register_netdevice(dev);
		if (err < 0) return err;
	}

	out_unregister: {
		err = rtnl_configure_link(dev, ifm);
		if (err < 0) break out_unregister;
		if (link_net !== null) {
			err = dev_change_net_namespace(dev, dest_net, ifname);
			if (err < 0) break out_unregister;
		}
		const master = nla_get_u32(tb, IFLA_MASTER);
		if (master !== null) {
			err = do_set_master(dev, master, extack);
			if (err !== 0) break out_unregister;
		}
		return err;
	}
	if (ops.newlink !== undefined) {
		const list_kill: net_device[] = [];
		rtnl_ops_dellink(ops, dev, list_kill);
		unregister_netdevice_many(list_kill);
	} else {
		unregister_netdevice(dev);
	}
	return err;
}

/**
 * RTM_NEWLINK.
 * @returns 0 or a negative errno
 * @kernel net/core/rtnetlink.c:3490 (v5.10)
 */
function rtnl_newlink(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	return __rtnl_newlink(net, nlh as ifinfomsg_msg, extack);
}

/**
 * Checks a request for one link.
 * @returns 0 or -EINVAL
 * @kernel net/core/rtnetlink.c:3505 (v5.10)
 */
function rtnl_valid_getlink_req(nlh: nlmsg, extack: netlink_ext_ack | null): number {
	if (!(nlh instanceof ifinfomsg_msg)) {
		NL_SET_ERR_MSG(extack, 'Invalid header for get link');
		return -EINVAL;
	}
	if (nlh.ifi_type !== 0 || nlh.ifi_flags !== 0 || nlh.ifi_change !== 0) {
		NL_SET_ERR_MSG(extack, 'Invalid values in header for get link request');
		return -EINVAL;
	}
	for (const i of nlh.tb.keys()) {
		switch (i) {
			case IFLA_IFNAME:
			case IFLA_ALT_IFNAME:
			case IFLA_EXT_MASK:
			case IFLA_TARGET_NETNSID:
				break;
			default:
				NL_SET_ERR_MSG(extack, 'Unsupported attribute in get link request');
				return -EINVAL;
		}
	}
	return 0;
}

/**
 * RTM_GETLINK for one link.
 * @returns 0, -EINVAL, -ENODEV
 * @kernel net/core/rtnetlink.c:3553 (v5.10)
 */
function rtnl_getlink(
	net: net,
	nlh: nlmsg,
	extack: netlink_ext_ack | null,
	reply: nlmsg[],
): number {
	const err = rtnl_valid_getlink_req(nlh, extack);
	if (err < 0) return err;
	const ifm = nlh as ifinfomsg_msg;
	const tb = ifm.tb;
	let tgt_net = net;
	const netnsid = nla_get_s32(tb, IFLA_TARGET_NETNSID);
	if (netnsid !== null) {
		const n = rtnl_get_net_ns_capable(net, netnsid);
		if (IS_ERR(n)) return n;
		tgt_net = n;
	}
	let dev: net_device | null;
	if (ifm.ifi_index > 0) dev = __dev_get_by_index(tgt_net, ifm.ifi_index);
	else if (tb.has(IFLA_IFNAME) || tb.has(IFLA_ALT_IFNAME)) dev = rtnl_dev_get(tgt_net, tb);
	else return -EINVAL;
	if (dev === null) return -ENODEV;
	const mask = nla_get_u32(tb, IFLA_EXT_MASK) ?? 0;
	reply.push(rtnl_fill_ifinfo(dev, net, RTM_NEWLINK, 0, 0, mask, 0, netnsid ?? -1));
	return 0;
}

/**
 * Gives a device an alternative name.
 * @returns 0 or -EEXIST
 * @kernel PORT: net/core/dev.c netdev_name_node_alt_create
 */
function netdev_name_node_alt_create(dev: net_device, name: string): number {
	const names = dev_net(dev).dev_name_head;
	if (names.has(name)) return -EEXIST;
	names.set(name, dev);
	dev.altnames.push(name);
	return 0;
}

/**
 * Takes an alternative name away.
 * @returns 0, -ENOENT, or -EINVAL for another device's or the own name
 * @kernel PORT: net/core/dev.c netdev_name_node_alt_destroy
 */
function netdev_name_node_alt_destroy(dev: net_device, name: string): number {
	const names = dev_net(dev).dev_name_head;
	const owner = names.get(name);
	if (owner === undefined) return -ENOENT;
	if (name === dev.name || owner !== dev) return -EINVAL;
	names.delete(name);
	dev.altnames.splice(dev.altnames.indexOf(name), 1);
	return 0;
}

/**
 * Adds or removes one alternative name.
 * @returns 0 or a negative errno
 * @kernel net/core/rtnetlink.c:3620 (v5.10)
 */
function rtnl_alt_ifname(cmd: number, dev: net_device, name: string | null): number {
	if (name === null || name.length >= ALTIFNAMSIZ) return -EINVAL;
	if (cmd === RTM_NEWLINKPROP) return netdev_name_node_alt_create(dev, name);
	return netdev_name_node_alt_destroy(dev, name);
}

/**
 * RTM_NEWLINKPROP and RTM_DELLINKPROP.
 * @returns 0, -EINVAL, -ENODEV, -EEXIST, -ENOENT
 * @kernel net/core/rtnetlink.c:3651 (v5.10)
 */
function rtnl_linkprop(
	cmd: number,
	net: net,
	ifm: ifinfomsg_msg,
	extack: netlink_ext_ack | null,
): number {
	const tb = ifm.tb;
	let err = rtnl_ensure_unique_netns(tb, extack, true);
	if (err !== 0) return err;
	let dev: net_device | null;
	if (ifm.ifi_index > 0) dev = __dev_get_by_index(net, ifm.ifi_index);
	else if (tb.has(IFLA_IFNAME) || tb.has(IFLA_ALT_IFNAME)) dev = rtnl_dev_get(net, tb);
	else return -EINVAL;
	if (dev === null) return -ENODEV;
	const prop = tb.get(IFLA_PROP_LIST);
	if (prop === undefined) return 0;
	const list = Array.isArray(prop) ? prop : prop instanceof Map ? [prop] : [];
	let changed = false;
	for (const attr of list) {
		if (!attr.has(IFLA_ALT_IFNAME)) continue;
		err = rtnl_alt_ifname(cmd, dev, nla_strdup(attr, IFLA_ALT_IFNAME));
		if (err !== 0) return err;
		changed = true;
	}
	if (changed) netdev_state_change(dev);
	return 0;
}

/**
 * RTM_NEWLINKPROP.
 * @returns see rtnl_linkprop()
 * @kernel net/core/rtnetlink.c:3700 (v5.10)
 */
function rtnl_newlinkprop(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	return rtnl_linkprop(RTM_NEWLINKPROP, net, nlh as ifinfomsg_msg, extack);
}

/**
 * RTM_DELLINKPROP.
 * @returns see rtnl_linkprop()
 * @kernel net/core/rtnetlink.c:3706 (v5.10)
 */
function rtnl_dellinkprop(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	return rtnl_linkprop(RTM_DELLINKPROP, net, nlh as ifinfomsg_msg, extack);
}

/**
 * Answers a dump of family PF_UNSPEC by the dumps of all families.
 * @returns 0 or the first errno
 * @kernel net/core/rtnetlink.c:3746 (v5.10)
 */
function rtnl_dump_all(
	net: net,
	nlh: nlmsg,
	out: nlmsg[],
	extack: netlink_ext_ack | null,
): number {
	const type = rtm_msgindex(nlh.type);
	const handlers = rtnl_msg_handlers.of(net.machine);
	for (let idx = 1; idx <= RTNL_FAMILY_MAX; idx++) {
		if (idx === PF_PACKET) continue;
		const dumpit = handlers.get(idx)?.[type]?.dumpit;
		if (dumpit == null) continue;
		const ret = dumpit(net, nlh, out, extack);
		if (ret !== 0) return ret;
	}
	return 0;
}

/**
 * Tells listeners about a link.
 * @param type RTM_NEWLINK or RTM_DELLINK
 * @param change flags that changed
 * @param event IFLA_EVENT_*
 * @kernel net/core/rtnetlink.c:3830 (v5.10)
 */
function rtmsg_ifinfo_event(
	type: number,
	dev: net_device,
	change: number,
	event: number,
): void {
	const net = dev_net(dev);
	if (!rtnl_has_listeners(net, RTNLGRP_LINK)) return;
	if (type === RTM_NEWLINK && dev.reg_state !== NETREG_REGISTERED) return;
	rtnl_notify(net, RTNLGRP_LINK, rtnl_fill_ifinfo(dev, net, type, change, 0, 0, event, -1));
}

/**
 * Tells listeners about a link.
 * @param type RTM_NEWLINK or RTM_DELLINK
 * @param change flags that changed
 * @kernel net/core/rtnetlink.c:3845 (v5.10)
 */
export function rtmsg_ifinfo(type: number, dev: net_device, change: number): void {
	rtmsg_ifinfo_event(type, dev, change, rtnl_get_event(0));
}

/**
 * Describes an entry of a device's own address filter.
 * @param vid VLAN id, 0 for none
 * @param flags NTF_*
 * @param nlflags NLM_F_*
 * @kernel net/core/rtnetlink.c:3859 (v5.10)
 */
function nlmsg_populate_fdb_fill(
	dev: net_device,
	addr: Uint8Array,
	vid: number,
	type: number,
	flags: number,
	nlflags: number,
	ndm_state: number,
): ndmsg_msg {
	const ndm = new ndmsg_msg(type, nlflags);
	ndm.ndm_family = AF_BRIDGE;
	ndm.ndm_flags = flags;
	ndm.ndm_ifindex = dev.ifindex;
	ndm.ndm_state = ndm_state;
	nla_put(ndm.tb, NDA_LLADDR, addr.slice(0, ETH_ALEN));
	if (vid !== 0) nla_put_u16(ndm.tb, NDA_VLAN, vid);
	return ndm;
}

/**
 * Tells listeners about an entry of a device's own address filter.
 * @kernel net/core/rtnetlink.c:3903 (v5.10)
 */
function rtnl_fdb_notify(
	dev: net_device,
	addr: Uint8Array,
	vid: number,
	type: number,
	ndm_state: number,
): void {
	rtnl_notify(
		dev_net(dev),
		RTNLGRP_NEIGH,
		nlmsg_populate_fdb_fill(dev, addr, vid, type, NTF_SELF, 0, ndm_state),
	);
}

/**
 * Is an address reserved for the link (01-80-C2-00-00-0X)?
 * @kernel PORT: include/linux/etherdevice.h is_link_local_ether_addr, on bytes alone
 */
function is_link_local(addr: Uint8Array): boolean {
	return (
		addr[0] === 0x01 &&
		addr[1] === 0x80 &&
		addr[2] === 0xc2 &&
		addr[3] === 0 &&
		addr[4] === 0 &&
		(addr[5] & 0xf0) === 0
	);
}

/**
 * Does a list of addresses hold one?
 * @kernel PORT: the exclusive adding of net/core/dev_addr_lists.c
 */
function hw_addr_listed(list: netdev_hw_addr_list | null, addr: Uint8Array): boolean {
	return (
		list !== null && list.list.some((ha) => ha.addr.every((b, i) => i >= ETH_ALEN || b === addr[i]))
	);
}

/**
 * Adds an address to a device's own filter.
 * @param flags NLM_F_*
 * @returns 0, -EINVAL for ageing entries and VLANs, -EEXIST with NLM_F_EXCL
 * @kernel net/core/rtnetlink.c:3930 (v5.10)
 */
export function ndo_dflt_fdb_add(
	ndm_state: number,
	dev: net_device,
	addr: Uint8Array,
	vid: number,
	flags: number,
): number {
	let err = -EINVAL;
	if (ndm_state !== 0 && (ndm_state & NUD_PERMANENT) === 0) {
		dev.machine.printk(`${dev.name}: FDB only supports static addresses`);
		return err;
	}
	if (vid !== 0) {
		dev.machine.printk(`${dev.name}: vlans aren't supported yet for dev_uc|mc_add()`);
		return err;
	}
	if (!is_multicast_ether_addr(addr, 0) || is_link_local(addr))
		err = hw_addr_listed(dev.uc, addr) ? -EEXIST : dev_uc_add(dev, addr);
	else err = hw_addr_listed(dev.mc, addr) ? -EEXIST : dev_mc_add(dev, addr);
	if (err === -EEXIST && (flags & NLM_F_EXCL) === 0) err = 0;
	return err;
}

/**
 * Reads a VLAN id out of a request.
 * @returns 1..4094, 0 when there is none, -EINVAL
 * @kernel net/core/rtnetlink.c:3964 (v5.10)
 */
function fdb_vid_parse(tb: nlattrs, extack: netlink_ext_ack | null): number {
	if (!tb.has(NDA_VLAN)) return 0;
	const vid = nla_get_u16(tb, NDA_VLAN);
	if (vid === null) {
		NL_SET_ERR_MSG(extack, 'invalid vlan attribute size');
		return -EINVAL;
	}
	if (vid === 0 || vid >= VLAN_VID_MASK) {
		NL_SET_ERR_MSG(extack, 'invalid vlan id');
		return -EINVAL;
	}
	return vid;
}

/**
 * Device and address of a request about a forwarding database entry.
 * @param what "add" or "delete", for the message
 * @returns the device or a negative errno
 * @kernel PORT: common start of rtnl_fdb_add and rtnl_fdb_del
 */
function rtnl_fdb_target(
	net: net,
	ndm: ndmsg_msg,
	what: string,
	extack: netlink_ext_ack | null,
): net_device | number {
	if (ndm.ndm_ifindex === 0) {
		NL_SET_ERR_MSG(extack, 'invalid ifindex');
		return -EINVAL;
	}
	const dev = __dev_get_by_index(net, ndm.ndm_ifindex);
	if (dev === null) {
		NL_SET_ERR_MSG(extack, 'unknown ifindex');
		return -ENODEV;
	}
	if (nla_data(ndm.tb, NDA_LLADDR)?.length !== ETH_ALEN) {
		NL_SET_ERR_MSG(extack, 'invalid address');
		return -EINVAL;
	}
	if (dev.type !== ARPHRD_ETHER) {
		NL_SET_ERR_MSG(extack, `FDB ${what} only supported for Ethernet devices`);
		return -EINVAL;
	}
	return dev;
}

/**
 * RTM_NEWNEIGH of PF_BRIDGE: adds an entry to the bridge's database (master) or the device's (self).
 * @returns 0, -EINVAL, -ENODEV, -EOPNOTSUPP, or the bridge's errno
 * @kernel net/core/rtnetlink.c:3986 (v5.10)
 */
function rtnl_fdb_add(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	const ndm = nlh as ndmsg_msg;
	const tb = ndm.tb;
	const dev = rtnl_fdb_target(net, ndm, 'add', extack);
	if (IS_ERR(dev)) return dev;
	const addr = nla_data(tb, NDA_LLADDR)!;
	const vid = fdb_vid_parse(tb, extack);
	if (vid < 0) return vid;
	let err = -EOPNOTSUPP;
	let ndm_flags = ndm.ndm_flags;

	if ((ndm_flags === 0 || (ndm_flags & NTF_MASTER) !== 0) && netif_is_bridge_port(dev)) {
		const br_dev = netdev_master_upper_dev_get(dev)!;
		err = br_dev.netdev_ops.ndo_fdb_add!(
			ndm_flags,
			ndm.ndm_state,
			tb,
			dev,
			addr,
			vid,
			nlh.flags,
			extack,
		);
		if (err !== 0) return err;
		ndm_flags &= ~NTF_MASTER;
	}
	if ((ndm_flags & NTF_SELF) !== 0) {
		const add = dev.netdev_ops.ndo_fdb_add;
		if (add !== undefined)
			err = add(ndm_flags, ndm.ndm_state, tb, dev, addr, vid, nlh.flags, extack);
		else err = ndo_dflt_fdb_add(ndm.ndm_state, dev, addr, vid, nlh.flags);
		if (err === 0) rtnl_fdb_notify(dev, addr, vid, RTM_NEWNEIGH, ndm.ndm_state);
	}
	return err;
}

/**
 * Removes an address from a device's own filter.
 * @returns 0, -EINVAL for ageing entries, -ENOENT
 * @kernel net/core/rtnetlink.c:4070 (v5.10)
 */
export function ndo_dflt_fdb_del(ndm_state: number, dev: net_device, addr: Uint8Array): number {
	if ((ndm_state & NUD_PERMANENT) === 0) {
		dev.machine.printk(`${dev.name}: FDB only supports static addresses`);
		return -EINVAL;
	}
	if (!is_multicast_ether_addr(addr, 0) || is_link_local(addr)) return dev_uc_del(dev, addr);
	return dev_mc_del(dev, addr);
}

/**
 * RTM_DELNEIGH of PF_BRIDGE.
 * @returns 0, -EINVAL, -ENODEV, -EOPNOTSUPP, -ENOENT, or the bridge's errno
 * @kernel net/core/rtnetlink.c:4094 (v5.10)
 */
function rtnl_fdb_del(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	const ndm = nlh as ndmsg_msg;
	const tb = ndm.tb;
	const dev = rtnl_fdb_target(net, ndm, 'delete', extack);
	if (IS_ERR(dev)) return dev;
	const addr = nla_data(tb, NDA_LLADDR)!;
	const vid = fdb_vid_parse(tb, extack);
	if (vid < 0) return vid;
	let err = -EOPNOTSUPP;
	let ndm_flags = ndm.ndm_flags;

	if ((ndm_flags === 0 || (ndm_flags & NTF_MASTER) !== 0) && netif_is_bridge_port(dev)) {
		const br_dev = netdev_master_upper_dev_get(dev)!;
		const del = br_dev.netdev_ops.ndo_fdb_del;
		if (del !== undefined) err = del(tb, dev, addr, vid);
		if (err !== 0) return err;
		ndm_flags &= ~NTF_MASTER;
	}
	if ((ndm_flags & NTF_SELF) !== 0) {
		const del = dev.netdev_ops.ndo_fdb_del;
		if (del !== undefined) err = del(tb, dev, addr, vid);
		else err = ndo_dflt_fdb_del(ndm.ndm_state, dev, addr);
		if (err === 0) rtnl_fdb_notify(dev, addr, vid, RTM_DELNEIGH, ndm.ndm_state);
	}
	return err;
}

/**
 * Dumps a list of a device's addresses.
 * @kernel net/core/rtnetlink.c:4176 (v5.10)
 */
function nlmsg_populate_fdb(
	out: nlmsg[],
	dev: net_device,
	list: netdev_hw_addr_list | null,
): void {
	if (list === null) return;
	for (const ha of list.list)
		out.push(
			nlmsg_populate_fdb_fill(
				dev,
				ha.addr,
				0,
				RTM_NEWNEIGH,
				NTF_SELF,
				NLM_F_MULTI,
				NUD_PERMANENT,
			),
		);
}

/**
 * Dumps a device's own filter.
 * @returns 0, or -EINVAL for what is no Ethernet device
 * @kernel net/core/rtnetlink.c:4216 (v5.10)
 */
export function ndo_dflt_fdb_dump(dev: net_device, out: nlmsg[]): number {
	if (dev.type !== ARPHRD_ETHER) return -EINVAL;
	nlmsg_populate_fdb(out, dev, dev.uc);
	nlmsg_populate_fdb(out, dev, dev.mc);
	return 0;
}

/**
 * Checks a request for a dump of forwarding databases.
 * @returns 0 or -EINVAL
 * @kernel net/core/rtnetlink.c:4238 (v5.10)
 */
function valid_fdb_dump_strict(nlh: nlmsg, extack: netlink_ext_ack | null): number {
	if (!(nlh instanceof ndmsg_msg)) {
		NL_SET_ERR_MSG(extack, 'Invalid header for fdb dump request');
		return -EINVAL;
	}
	if (nlh.ndm_state !== 0 || nlh.ndm_flags !== 0 || nlh.ndm_type !== 0) {
		NL_SET_ERR_MSG(extack, 'Invalid values in header for fdb dump request');
		return -EINVAL;
	}
	for (const i of nlh.tb.keys()) {
		if (i === NDA_IFINDEX || i === NDA_MASTER) continue;
		NL_SET_ERR_MSG(extack, 'Unsupported attribute in fdb dump request');
		return -EINVAL;
	}
	return 0;
}

/**
 * RTM_GETNEIGH of PF_BRIDGE with NLM_F_DUMP.
 * @returns 0, -EINVAL, -ENODEV
 * @kernel net/core/rtnetlink.c:4327 (v5.10)
 */
function rtnl_fdb_dump(
	net: net,
	nlh: nlmsg,
	out: nlmsg[],
	extack: netlink_ext_ack | null,
): number {
	let br_idx = 0;
	let brport_idx = 0;
	const err = valid_fdb_dump_strict(nlh, extack);
	if (err < 0) return err;
	if (nlh instanceof ndmsg_msg) brport_idx = nlh.ndm_ifindex;
	brport_idx = nla_get_u32(nlh.tb, NDA_IFINDEX) ?? brport_idx;
	br_idx = nla_get_u32(nlh.tb, NDA_MASTER) ?? 0;

	let br_dev: net_device | null = null;
	let ops: net_device_ops | null = null;
	if (br_idx !== 0) {
		br_dev = __dev_get_by_index(net, br_idx);
		if (br_dev === null) return -ENODEV;
		ops = br_dev.netdev_ops;
	}
	const emit = (msg: nlmsg): void => {
		out.push(msg);
	};
	const devs = net.dev_base_head.slice().sort((a, b) => a.ifindex - b.ifindex);
	for (const dev of devs) {
		let cops: net_device_ops | null = null;
		if (brport_idx !== 0 && dev.ifindex !== brport_idx) continue;
		if (br_idx === 0) {
			if (netif_is_bridge_port(dev)) {
				br_dev = netdev_master_upper_dev_get(dev);
				cops = br_dev!.netdev_ops;
			}
		} else {
			if (dev !== br_dev && !netif_is_bridge_port(dev)) continue;
			if (br_dev !== netdev_master_upper_dev_get(dev) && !netif_is_bridge_master(dev))
				continue;
			cops = ops;
		}
		if (netif_is_bridge_port(dev)) cops?.ndo_fdb_dump?.(br_dev!, dev, emit);
		if (dev.netdev_ops.ndo_fdb_dump !== undefined)
			dev.netdev_ops.ndo_fdb_dump(dev, null, emit);
		else ndo_dflt_fdb_dump(dev, out);
	}
	return 0;
}

/**
 * RTM_GETNEIGH of PF_BRIDGE for one entry.
 * @returns 0, -EINVAL, -ENODEV, -EOPNOTSUPP, or the bridge's errno
 * @kernel net/core/rtnetlink.c:4490 (v5.10)
 */
function rtnl_fdb_get(
	net: net,
	nlh: nlmsg,
	extack: netlink_ext_ack | null,
	reply: nlmsg[],
): number {
	const ndm = nlh as ndmsg_msg;
	const tb = ndm.tb;
	if (ndm.ndm_state !== 0 || ndm.ndm_type !== 0) {
		NL_SET_ERR_MSG(extack, 'Invalid values in header for fdb get request');
		return -EINVAL;
	}
	if ((ndm.ndm_flags & ~(NTF_MASTER | NTF_SELF)) !== 0) {
		NL_SET_ERR_MSG(extack, 'Invalid flags in header for fdb get request');
		return -EINVAL;
	}
	let addr: Uint8Array | null = null;
	let vid = 0;
	let br_idx = 0;
	for (const i of tb.keys()) {
		switch (i) {
			case NDA_MASTER:
				br_idx = nla_get_u32(tb, i) ?? 0;
				break;
			case NDA_LLADDR:
				addr = nla_data(tb, i);
				if (addr?.length !== ETH_ALEN) {
					NL_SET_ERR_MSG(extack, 'Invalid address in fdb get request');
					return -EINVAL;
				}
				break;
			case NDA_VLAN:
				vid = fdb_vid_parse(tb, extack);
				if (vid < 0) return vid;
				break;
			case NDA_VNI:
				break;
			default:
				NL_SET_ERR_MSG(extack, 'Unsupported attribute in fdb get request');
				return -EINVAL;
		}
	}
	if (addr === null) {
		NL_SET_ERR_MSG(extack, 'Missing lookup address for fdb get request');
		return -EINVAL;
	}
	let dev: net_device | null = null;
	let br_dev: net_device | null = null;
	let ops: net_device_ops | null = null;
	if (ndm.ndm_ifindex !== 0) {
		dev = __dev_get_by_index(net, ndm.ndm_ifindex);
		if (dev === null) {
			NL_SET_ERR_MSG(extack, 'Unknown device ifindex');
			return -ENODEV;
		}
	}
	if (br_idx !== 0) {
		if (dev !== null) {
			NL_SET_ERR_MSG(extack, 'Master and device are mutually exclusive');
			return -EINVAL;
		}
		br_dev = __dev_get_by_index(net, br_idx);
		if (br_dev === null) {
			NL_SET_ERR_MSG(extack, 'Invalid master ifindex');
			return -EINVAL;
		}
		ops = br_dev.netdev_ops;
	}
	if (dev !== null) {
		if (ndm.ndm_flags === 0 || (ndm.ndm_flags & NTF_MASTER) !== 0) {
			if (!netif_is_bridge_port(dev)) {
				NL_SET_ERR_MSG(extack, 'Device is not a bridge port');
				return -EINVAL;
			}
			br_dev = netdev_master_upper_dev_get(dev);
			if (br_dev === null) {
				NL_SET_ERR_MSG(extack, 'Master of device not found');
				return -EINVAL;
			}
			ops = br_dev.netdev_ops;
		} else {
			ops = dev.netdev_ops;
		}
	}
	if (br_dev === null && dev === null) {
		NL_SET_ERR_MSG(extack, 'No device specified');
		return -ENODEV;
	}
	if (ops?.ndo_fdb_get === undefined) {
		NL_SET_ERR_MSG(extack, 'Fdb get operation not supported by device');
		return -EOPNOTSUPP;
	}
	return ops.ndo_fdb_get(tb, br_dev ?? dev!, addr, vid, reply, extack);
}

/**
 * RTM_GETLINK of PF_BRIDGE with NLM_F_DUMP: bridges and ports with their VLANs.
 * @returns 0 or -EINVAL
 * @kernel net/core/rtnetlink.c:4751 (v5.10)
 */
function rtnl_bridge_getlink(
	net: net,
	nlh: nlmsg,
	out: nlmsg[],
	extack: netlink_ext_ack | null,
): number {
	let filter_mask = 0;
	if (!(nlh instanceof ifinfomsg_msg)) {
		NL_SET_ERR_MSG(extack, 'Invalid header for bridge link dump');
		return -EINVAL;
	}
	if (
		nlh.ifi_type !== 0 ||
		nlh.ifi_flags !== 0 ||
		nlh.ifi_change !== 0 ||
		nlh.ifi_index !== 0
	) {
		NL_SET_ERR_MSG(extack, 'Invalid values in header for bridge link dump request');
		return -EINVAL;
	}
	for (const i of nlh.tb.keys()) {
		if (i !== IFLA_EXT_MASK) {
			NL_SET_ERR_MSG(extack, 'Unsupported attribute in bridge link dump request');
			return -EINVAL;
		}
		filter_mask = nla_get_u32(nlh.tb, i) ?? 0;
	}
	for (const dev of net.dev_base_head) {
		const br_dev = netdev_master_upper_dev_get(dev);
		const by_master = br_dev?.netdev_ops.ndo_bridge_getlink?.(dev, filter_mask);
		if (by_master != null) out.push(by_master);
		const own = dev.netdev_ops.ndo_bridge_getlink?.(dev, filter_mask);
		if (own != null) out.push(own);
	}
	return 0;
}

/**
 * Tells listeners about a bridge device's own settings.
 * @returns 0
 * @kernel net/core/rtnetlink.c:4826 (v5.10)
 */
function rtnl_bridge_notify(dev: net_device): number {
	const msg = dev.netdev_ops.ndo_bridge_getlink?.(dev, 0);
	if (msg != null) rtnl_notify(dev_net(dev), RTNLGRP_LINK, msg);
	return 0;
}

/**
 * Flags of a request about a bridge: who is meant, the master or the device itself.
 * @returns BRIDGE_FLAGS_*, 0 when the request does not say
 * @kernel PORT: common start of rtnl_bridge_setlink and rtnl_bridge_dellink
 */
function rtnl_bridge_flags(tb: nlattrs): number {
	const spec = tb.get(IFLA_AF_SPEC);
	const nests = Array.isArray(spec) ? spec : spec instanceof Map ? [spec] : [];
	for (const n of nests) if (n.has(IFLA_BRIDGE_FLAGS)) return nla_get_u16(n, IFLA_BRIDGE_FLAGS) ?? 0;
	return 0;
}

/**
 * RTM_SETLINK of PF_BRIDGE: settings of a port or a bridge, adding VLANs.
 * @returns 0, -EPFNOSUPPORT, -ENODEV, -EOPNOTSUPP, or the bridge's errno
 * @kernel net/core/rtnetlink.c:4858 (v5.10)
 */
function rtnl_bridge_setlink(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	const ifm = nlh as ifinfomsg_msg;
	let err = -EOPNOTSUPP;
	if (ifm.ifi_family !== AF_BRIDGE) return -EPFNOSUPPORT;
	const dev = __dev_get_by_index(net, ifm.ifi_index);
	if (dev === null) {
		NL_SET_ERR_MSG(extack, 'unknown ifindex');
		return -ENODEV;
	}
	const flags = rtnl_bridge_flags(ifm.tb);
	if (flags === 0 || (flags & BRIDGE_FLAGS_MASTER) !== 0) {
		const set = netdev_master_upper_dev_get(dev)?.netdev_ops.ndo_bridge_setlink;
		if (set === undefined) return -EOPNOTSUPP;
		err = set(dev, ifm.tb, flags, extack);
		if (err !== 0) return err;
	}
	if ((flags & BRIDGE_FLAGS_SELF) !== 0) {
		const set = dev.netdev_ops.ndo_bridge_setlink;
		err = set === undefined ? -EOPNOTSUPP : set(dev, ifm.tb, flags, extack);
		if (err === 0) err = rtnl_bridge_notify(dev);
	}
	return err;
}

/**
 * RTM_DELLINK of PF_BRIDGE: removes VLANs.
 * @returns 0, -EPFNOSUPPORT, -ENODEV, -EOPNOTSUPP, or the bridge's errno
 * @kernel net/core/rtnetlink.c:4935 (v5.10)
 */
function rtnl_bridge_dellink(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	const ifm = nlh as ifinfomsg_msg;
	let err = -EOPNOTSUPP;
	if (ifm.ifi_family !== AF_BRIDGE) return -EPFNOSUPPORT;
	const dev = __dev_get_by_index(net, ifm.ifi_index);
	if (dev === null) {
		NL_SET_ERR_MSG(extack, 'unknown ifindex');
		return -ENODEV;
	}
	const flags = rtnl_bridge_flags(ifm.tb);
	if (flags === 0 || (flags & BRIDGE_FLAGS_MASTER) !== 0) {
		const del = netdev_master_upper_dev_get(dev)?.netdev_ops.ndo_bridge_dellink;
		if (del === undefined) return -EOPNOTSUPP;
		err = del(dev, ifm.tb, flags);
		if (err !== 0) return err;
	}
	if ((flags & BRIDGE_FLAGS_SELF) !== 0) {
		const del = dev.netdev_ops.ndo_bridge_dellink;
		err = del === undefined ? -EOPNOTSUPP : del(dev, ifm.tb, flags);
		if (err === 0) err = rtnl_bridge_notify(dev);
	}
	return err;
}

/**
 * Handles a request that is no dump.
 * @param reply takes the messages that answer a GET
 * @returns 0 or a negative errno; -EOPNOTSUPP when nobody handles it
 * @kernel net/core/rtnetlink.c:5463 (v5.10)
 */
export function rtnetlink_rcv_msg(
	net: net,
	nlh: nlmsg,
	extack: netlink_ext_ack | null,
	reply: nlmsg[] = [],
): number {
	if (nlh.type < RTM_BASE || nlh.type > RTM_MAX) return -EOPNOTSUPP;
	const type = rtm_msgindex(nlh.type);
	const family = rtnl_msg_family(nlh);
	if ((type & 3) === 2 && (nlh.flags & NLM_F_DUMP) !== 0) {
		const msgs = rtnl_dump(net, nlh, extack);
		if (typeof msgs === 'number') return msgs;
		for (const msg of msgs) reply.push(msg);
		return 0;
	}
	let doit = rtnl_get_link(net.machine, family, type)?.doit;
	doit ??= rtnl_get_link(net.machine, PF_UNSPEC, type)?.doit;
	if (doit == null) return -EOPNOTSUPP;
	return doit(net, nlh, extack, reply);
}

/**
 * Answers a dump.
 * @param nlh an RTM_GET* message
 * @returns the messages, or a negative errno; -EOPNOTSUPP when nobody answers it
 * @kernel PORT: the dump half of net/core/rtnetlink.c rtnetlink_rcv_msg
 */
export function rtnl_dump(
	net: net,
	nlh: nlmsg,
	extack: netlink_ext_ack | null = null,
): nlmsg[] | number {
	if (nlh.type < RTM_BASE || nlh.type > RTM_MAX) return -EOPNOTSUPP;
	const type = rtm_msgindex(nlh.type);
	let dumpit = rtnl_get_link(net.machine, rtnl_msg_family(nlh), type)?.dumpit;
	dumpit ??= rtnl_get_link(net.machine, PF_UNSPEC, type)?.dumpit;
	if (dumpit == null) return -EOPNOTSUPP;
	const out: nlmsg[] = [];
	const err = dumpit(net, nlh, out, extack);
	return err < 0 ? err : out;
}

/**
 * Turns device events into link messages.
 * PORT: registration, removal and flag changes too, which C announces where they happen.
 * @returns NOTIFY_DONE
 * @kernel net/core/rtnetlink.c:5595 (v5.10)
 */
function rtnetlink_event(event: number, info: netdev_notifier_info): number {
	const dev = netdev_notifier_info_to_dev(info);
	switch (event) {
		case NETDEV_UP:
			qdisc_attached.of(dev.machine).add(dev);
			rtmsg_ifinfo_event(RTM_NEWLINK, dev, 1, IFLA_EVENT_NONE);
			break;
		case NETDEV_DOWN:
			rtmsg_ifinfo_event(RTM_NEWLINK, dev, 1, IFLA_EVENT_NONE);
			break;
		case NETDEV_REGISTER:
			rtmsg_ifinfo_event(RTM_NEWLINK, dev, -1 >>> 0, IFLA_EVENT_NONE);
			break;
		case NETDEV_UNREGISTER:
			qdisc_attached.of(dev.machine).delete(dev);
			rtmsg_ifinfo_event(RTM_DELLINK, dev, -1 >>> 0, IFLA_EVENT_NONE);
			break;
		case NETDEV_CHANGE:
			rtmsg_ifinfo_event(
				RTM_NEWLINK,
				dev,
				info instanceof netdev_notifier_change_info ? info.flags_changed : 0,
				IFLA_EVENT_NONE,
			);
			break;
		case NETDEV_REBOOT:
		case NETDEV_CHANGEMTU:
		case NETDEV_CHANGEADDR:
		case NETDEV_CHANGENAME:
		case NETDEV_FEAT_CHANGE:
		case NETDEV_POST_TYPE_CHANGE:
		case NETDEV_NOTIFY_PEERS:
		case NETDEV_CHANGEUPPER:
		case NETDEV_CHANGEINFODATA:
			rtmsg_ifinfo_event(RTM_NEWLINK, dev, 0, rtnl_get_event(event));
			break;
		default:
			break;
	}
	return NOTIFY_DONE;
}

/**
 * Registers the handlers of links.
 * @returns 0
 * @kernel net/core/rtnetlink.c:5656 (v5.10)
 */
export function rtnetlink_init(m: Machine): number {
	register_netdevice_notifier(m, { notifier_call: rtnetlink_event, priority: 0 });

	rtnl_register(m, PF_UNSPEC, RTM_GETLINK, rtnl_getlink, rtnl_dump_ifinfo);
	rtnl_register(m, PF_UNSPEC, RTM_SETLINK, rtnl_setlink, null);
	rtnl_register(m, PF_UNSPEC, RTM_NEWLINK, rtnl_newlink, null);
	rtnl_register(m, PF_UNSPEC, RTM_DELLINK, rtnl_dellink, null);

	rtnl_register(m, PF_UNSPEC, RTM_GETADDR, null, rtnl_dump_all);
	rtnl_register(m, PF_UNSPEC, RTM_GETROUTE, null, rtnl_dump_all);
	rtnl_register(m, PF_UNSPEC, RTM_GETNETCONF, null, rtnl_dump_all);

	rtnl_register(m, PF_UNSPEC, RTM_NEWLINKPROP, rtnl_newlinkprop, null);
	rtnl_register(m, PF_UNSPEC, RTM_DELLINKPROP, rtnl_dellinkprop, null);

	rtnl_register(m, PF_BRIDGE, RTM_NEWNEIGH, rtnl_fdb_add, null);
	rtnl_register(m, PF_BRIDGE, RTM_DELNEIGH, rtnl_fdb_del, null);
	rtnl_register(m, PF_BRIDGE, RTM_GETNEIGH, rtnl_fdb_get, rtnl_fdb_dump);

	rtnl_register(m, PF_BRIDGE, RTM_GETLINK, null, rtnl_bridge_getlink);
	rtnl_register(m, PF_BRIDGE, RTM_DELLINK, rtnl_bridge_dellink, null);
	rtnl_register(m, PF_BRIDGE, RTM_SETLINK, rtnl_bridge_setlink, null);
	return 0;
}
