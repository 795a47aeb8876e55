/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/linux/netdevice.h, base v5.10 + patches 3/9, 4/9, 5/9.
 *
 * The network device, its operations, notifier events, packet handlers, and the forward path stack of
 * patch 3/9.
 *
 * PORT: device state bits, features and statistics are the ones that veth, loopback, dummy, bridge, VLAN
 * and VRF devices use. Transmit queues: every device of this world is noqueue.
 * Not ported: NAPI polling, XDP, hardware queues, devlink, net_device_ops of hardware.
 * Inlines that need net/core/dev.c live there.
 */
import type { net } from '../net/net_namespace.ts';
import { type sk_buff, sk_buff_head } from './skbuff.ts';
import type { Machine } from './machine.ts';
import type { in_device } from './inetdevice.ts';
import type { inet6_dev } from '../net/if_inet6.ts';
import type { nf_hook_entries } from './netfilter.ts';
import type { neigh_parms, neighbour } from '../net/neighbour.ts';
import type { netlink_ext_ack, nlattrs } from '../net/netlink.ts';
import type { rtnl_link_ops } from '../net/rtnetlink.ts';
import type { ethtool_ops } from './ethtool.ts';
import type { l3mdev_ops } from '../net/l3mdev.ts';
import type { netdev_hw_addr_list } from '../../net/core/dev_addr_lists.ts';
import type { vlan_info } from '../../net/8021q/vlan.ts';
import type { __be16, u16 } from './types.ts';
import { IF_OPER_UNKNOWN, IF_OPER_UP } from '../uapi/linux/if.ts';

export const MAX_ADDR_LEN = 32;
export const LL_MAX_HEADER = 96;
export const MAX_HEADER = LL_MAX_HEADER + 48;

export const NETDEV_TX_OK = 0x00;
export const NETDEV_TX_BUSY = 0x10;
export const NET_XMIT_SUCCESS = 0x00;
export const NET_XMIT_DROP = 0x01;
export const NET_XMIT_CN = 0x02;
export const NET_RX_SUCCESS = 0;
export const NET_RX_DROP = 1;

export const RX_HANDLER_CONSUMED = 0;
export const RX_HANDLER_ANOTHER = 1;
export const RX_HANDLER_EXACT = 2;
export const RX_HANDLER_PASS = 3;

export const NETDEV_UP = 1;
export const NETDEV_DOWN = 2;
export const NETDEV_REBOOT = 3;
export const NETDEV_CHANGE = 4;
export const NETDEV_REGISTER = 5;
export const NETDEV_UNREGISTER = 6;
export const NETDEV_CHANGEMTU = 7;
export const NETDEV_CHANGEADDR = 8;
export const NETDEV_PRE_CHANGEADDR = 9;
export const NETDEV_GOING_DOWN = 10;
export const NETDEV_CHANGENAME = 11;
export const NETDEV_FEAT_CHANGE = 12;
export const NETDEV_PRE_UP = 14;
export const NETDEV_PRE_TYPE_CHANGE = 15;
export const NETDEV_POST_TYPE_CHANGE = 16;
export const NETDEV_POST_INIT = 17;
export const NETDEV_RELEASE = 18;
export const NETDEV_NOTIFY_PEERS = 19;
export const NETDEV_JOIN = 20;
export const NETDEV_CHANGEUPPER = 21;
export const NETDEV_PRECHANGEMTU = 23;
export const NETDEV_CHANGEINFODATA = 24;
export const NETDEV_PRECHANGEUPPER = 26;

/* dev->state */
export const __LINK_STATE_START = 0;
export const __LINK_STATE_PRESENT = 1;
export const __LINK_STATE_NOCARRIER = 2;
export const __LINK_STATE_LINKWATCH_PENDING = 3;
export const __LINK_STATE_DORMANT = 4;

/* dev->reg_state */
export const NETREG_UNINITIALIZED = 0;
export const NETREG_REGISTERED = 1;
export const NETREG_UNREGISTERING = 2;
export const NETREG_UNREGISTERED = 3;
export const NETREG_RELEASED = 4;

/* dev->priv_flags */
export const IFF_802_1Q_VLAN = 1 << 0;
export const IFF_EBRIDGE = 1 << 1;
export const IFF_XMIT_DST_RELEASE = 1 << 5;
export const IFF_DONT_BRIDGE = 1 << 6;
export const IFF_BRIDGE_PORT = 1 << 9;
export const IFF_TX_SKB_SHARING = 1 << 11;
export const IFF_UNICAST_FLT = 1 << 12;
export const IFF_LIVE_ADDR_CHANGE = 1 << 15;
export const IFF_MACVLAN = 1 << 16;
export const IFF_XMIT_DST_RELEASE_PERM = 1 << 17;
export const IFF_L3MDEV_MASTER = 1 << 18;
export const IFF_NO_QUEUE = 1 << 19;
export const IFF_L3MDEV_SLAVE = 1 << 21;
export const IFF_PHONY_HEADROOM = 1 << 24;
export const IFF_NO_RX_HANDLER = 1 << 26;
export const IFF_L3MDEV_RX_HANDLER = 1 << 29;
export const IFF_LIVE_RENAME_OK = 1 << 30;

/* addr_assign_type */
export const NET_ADDR_PERM = 0;
export const NET_ADDR_RANDOM = 1;
export const NET_ADDR_STOLEN = 2;
export const NET_ADDR_SET = 3;

/* name_assign_type */
export const NET_NAME_UNKNOWN = 0;
export const NET_NAME_ENUM = 1;
export const NET_NAME_USER = 3;
export const NET_NAME_RENAMED = 4;

/** enum net_device_path_type, patch 3/9. */
export const DEV_PATH_ETHERNET = 0;
export const DEV_PATH_VLAN = 1;
export const DEV_PATH_BRIDGE = 2;
export type net_device_path_type =
	| typeof DEV_PATH_ETHERNET
	| typeof DEV_PATH_VLAN
	| typeof DEV_PATH_BRIDGE;

/** Entries of a forward path stack, the real device included. */
export const NET_DEVICE_PATH_STACK_MAX = 5;

/** One step of a forward path, patch 3/9 (`vlan`: patch 4/9). */
export class net_device_path {
	type: net_device_path_type = DEV_PATH_ETHERNET;
	dev: net_device | null = null;
	/** The C has a union; meaningful when type is DEV_PATH_VLAN. */
	vlan: {
		/** VLAN id, host order. */
		id: u16;
		/** Tag ethertype, network order. */
		proto: __be16;
	} = { id: 0, proto: 0 as __be16 };
}

/** The path from an IP-side device (index 0) to the real device (last), patch 3/9. */
export class net_device_path_stack {
	num_paths = 0;
	readonly path: net_device_path[] = Array.from(
		{ length: NET_DEVICE_PATH_STACK_MAX },
		() => new net_device_path(),
	);
}

/** Where a path walk stands, patch 3/9. */
export class net_device_path_ctx {
	dev: net_device | null;
	/** Destination MAC, 6 bytes. */
	daddr: Uint8Array;

	constructor(dev: net_device, daddr: Uint8Array) {
		this.dev = dev;
		this.daddr = daddr;
	}
}

/** Packets and bytes, errors and drops of a device. */
export class rtnl_link_stats64 {
	rx_packets = 0;
	tx_packets = 0;
	rx_bytes = 0;
	tx_bytes = 0;
	rx_errors = 0;
	tx_errors = 0;
	rx_dropped = 0;
	tx_dropped = 0;
	multicast = 0;
	collisions = 0;
	rx_length_errors = 0;
	rx_over_errors = 0;
	rx_crc_errors = 0;
	rx_frame_errors = 0;
	rx_fifo_errors = 0;
	rx_missed_errors = 0;
	tx_aborted_errors = 0;
	tx_carrier_errors = 0;
	tx_fifo_errors = 0;
	tx_heartbeat_errors = 0;
	tx_window_errors = 0;
	rx_nohandler = 0;
}

/** How a device writes and reads its link header. */
export interface header_ops {
	/**
	 * Pushes a link header.
	 * @param type ethertype
	 * @param daddr destination, null when not known yet
	 * @param saddr source, null for the device's own
	 * @returns header bytes, negative when the destination is missing
	 */
	create: (
		skb: sk_buff,
		dev: net_device,
		type: __be16,
		daddr: Uint8Array | null,
		saddr: Uint8Array | null,
		len: number,
	) => number;
	/** Copies the sender's address out of a received frame; returns its length. */
	parse?: (skb: sk_buff, haddr: Uint8Array) => number;
	/** Fills a neighbour's cached link header; nonzero when it cannot be cached. */
	cache?: (neigh: neighbour, hh: hh_cache, type: __be16) => number;
	/** Puts a new address into a cached link header. */
	cache_update?: (hh: hh_cache, dev: net_device, haddr: Uint8Array) => void;
	/** Ethertype of the packet under its link header. */
	parse_protocol?: (skb: sk_buff) => __be16;
}

/** A link header made once and copied before each packet; `hh_data` ends with the header. */
export class hh_cache {
	/** 0 when nothing is cached. */
	hh_len = 0;
	readonly hh_data = new Uint8Array(32);
	/** PORT: the same bytes for reads of words. */
	readonly hh_view = new DataView(this.hh_data.buffer);
}

/** Operations of a device; absent ones are optional in C too. */
export interface net_device_ops {
	ndo_init?: (dev: net_device) => number;
	ndo_uninit?: (dev: net_device) => void;
	ndo_open?: (dev: net_device) => number;
	ndo_stop?: (dev: net_device) => number;
	ndo_start_xmit: (skb: sk_buff, dev: net_device) => number;
	ndo_features_check?: (skb: sk_buff, dev: net_device, features: number) => number;
	ndo_change_rx_flags?: (dev: net_device, flags: number) => void;
	ndo_set_rx_mode?: (dev: net_device) => void;
	ndo_set_mac_address?: (dev: net_device, addr: Uint8Array) => number;
	ndo_validate_addr?: (dev: net_device) => number;
	ndo_change_mtu?: (dev: net_device, new_mtu: number) => number;
	ndo_neigh_setup?: (dev: net_device, p: neigh_parms) => number;
	ndo_get_stats64?: (dev: net_device, storage: rtnl_link_stats64) => void;
	ndo_vlan_rx_add_vid?: (dev: net_device, proto: __be16, vid: u16) => number;
	ndo_vlan_rx_kill_vid?: (dev: net_device, proto: __be16, vid: u16) => number;
	ndo_add_slave?: (
		dev: net_device,
		slave_dev: net_device,
		extack: netlink_ext_ack | null,
	) => number;
	ndo_del_slave?: (dev: net_device, slave_dev: net_device) => number;
	ndo_fix_features?: (dev: net_device, features: number) => number;
	ndo_set_features?: (dev: net_device, features: number) => number;
	ndo_neigh_construct?: (dev: net_device, n: neighbour) => number;
	ndo_neigh_destroy?: (dev: net_device, n: neighbour) => void;
	ndo_fdb_add?: (
		ndm_flags: number,
		ndm_state: number,
		tb: nlattrs,
		dev: net_device,
		addr: Uint8Array,
		vid: u16,
		nlh_flags: number,
		extack: netlink_ext_ack | null,
	) => number;
	ndo_fdb_del?: (tb: nlattrs, dev: net_device, addr: Uint8Array, vid: u16) => number;
	/** Calls emit once an entry, as a dumped RTM_NEWNEIGH. */
	ndo_fdb_dump?: (
		dev: net_device,
		filter_dev: net_device | null,
		emit: (msg: import('../net/netlink.ts').nlmsg) => void,
	) => number;
	/** Answers with one entry as an RTM_NEWNEIGH in reply; -ENOENT when there is none. */
	ndo_fdb_get?: (
		tb: nlattrs,
		dev: net_device,
		addr: Uint8Array,
		vid: u16,
		reply: import('../net/netlink.ts').nlmsg[],
		extack: netlink_ext_ack | null,
	) => number;
	ndo_bridge_setlink?: (
		dev: net_device,
		tb: nlattrs,
		flags: number,
		extack: netlink_ext_ack | null,
	) => number;
	ndo_bridge_getlink?: (
		dev: net_device,
		filter_mask: number,
	) => import('../net/netlink.ts').nlmsg | null;
	ndo_bridge_dellink?: (dev: net_device, tb: nlattrs, flags: number) => number;
	ndo_get_iflink?: (dev: net_device) => number;
	ndo_get_peer_dev?: (dev: net_device) => net_device | null;
	/** Patch 3/9: one step of the forward path. Returns 0 or negative. */
	ndo_fill_forward_path?: (ctx: net_device_path_ctx, path: net_device_path) => number;
}

export type rx_handler_result_t = number;
/** Holder of the packet while an rx handler may exchange it; `skb` may be replaced or set null. */
export interface pskb {
	skb: sk_buff | null;
}
/** Takes packets off a device before the protocols see them. */
export type rx_handler_func_t = (pskb: pskb) => rx_handler_result_t;

/** What delivers packets of one ethertype, or all of them, to a protocol or a tap. */
export class packet_type {
	/** Network order; ETH_P_ALL for taps. */
	type: __be16;
	ignore_outgoing: boolean;
	/** Only packets of this device, or null for all. */
	dev: net_device | null;
	func: (skb: sk_buff, dev: net_device, pt: packet_type, orig_dev: net_device) => number;
	/** Tells a tap's own packets apart: true when the packet came from this tap's socket. */
	id_match: ((skb: sk_buff) => boolean) | null;
	/** Owner of the tap. */
	af_packet_priv: object | null;
	/** Namespace that a tap belongs to; null for protocols. */
	af_packet_net: net | null;

	constructor(
		type: __be16,
		func: packet_type['func'],
		dev: net_device | null = null,
		af_packet_net: net | null = null,
	) {
		this.type = type;
		this.dev = dev;
		this.func = func;
		this.id_match = null;
		this.ignore_outgoing = false;
		this.af_packet_priv = null;
		this.af_packet_net = af_packet_net;
	}
}

/** A link between an upper and a lower device. */
export class netdev_adjacent {
	dev: net_device;
	master: boolean;
	priv: unknown;

	constructor(dev: net_device, master: boolean, priv: unknown) {
		this.dev = dev;
		this.master = master;
		this.priv = priv;
	}
}

/** A network device. Made by alloc_netdev() in net/core/dev.ts. */
export class net_device {
	name: string;
	/** Alternative names (`ip link property add altname`). */
	altnames: string[] = [];
	readonly machine: Machine;
	state = 0;
	/** Taps and protocols bound to this device. */
	readonly ptype_all: packet_type[] = [];
	readonly ptype_specific: packet_type[] = [];
	features = 0;
	hw_features = 0;
	wanted_features = 0;
	vlan_features = 0;
	hw_enc_features = 0;
	gso_partial_features = 0;
	ifindex = 0;
	group = 0;

	/** PORT: counters of 64 bits, as get_stats64 gives them. */
	readonly stats = new rtnl_link_stats64();
	rx_dropped = 0;
	tx_dropped = 0;
	rx_nohandler = 0;
	/** Times the carrier went up, and down. */
	carrier_up_count = 0;
	carrier_down_count = 0;

	netdev_ops: net_device_ops;
	ethtool_ops: ethtool_ops | null = null;
	l3mdev_ops: l3mdev_ops | null = null;
	header_ops: header_ops | null = null;

	/** IFF_*: what the user sees, and what the kernel set besides. */
	flags = 0;
	priv_flags = 0;
	gflags = 0;
	operstate = IF_OPER_UNKNOWN;
	link_mode = 0;
	mtu = 0;
	min_mtu = 0;
	max_mtu = 0;
	type = 0;
	hard_header_len = 0;
	min_header_len = 0;
	name_assign_type = 0;
	needed_headroom = 0;
	needed_tailroom = 0;
	perm_addr: Uint8Array = new Uint8Array(MAX_ADDR_LEN);
	addr_assign_type = 0;
	addr_len = 0;
	neigh_priv_len = 0;
	dev_id = 0;
	/** Unicast and multicast filter lists. */
	uc: netdev_hw_addr_list | null = null;
	mc: netdev_hw_addr_list | null = null;
	promiscuity = 0;
	allmulti = 0;
	uc_promisc = false;
	/** A queueing discipline is attached; it is in use (else C's noop queue is). */
	qdisc_attached = false;
	qdisc_active = false;


	/* protocol pointers */
	vlan_info: vlan_info | null = null;
	ip_ptr: in_device | null = null;
	ip6_ptr: inet6_dev | null = null;
	/** First addr_len bytes count. */
	readonly dev_addr = new Uint8Array(6);
	/** PORT: the same bytes for reads of words. */
	readonly dev_addr_view = new DataView(this.dev_addr.buffer);


	rx_handler: rx_handler_func_t | null = null;
	rx_handler_data: unknown = null;
	/** Entries of netfilter ingress, null when there is no hook. */
	nf_hooks_ingress: nf_hook_entries | null = null;
	readonly broadcast = new Uint8Array(6);
	readonly broadcast_view = new DataView(this.broadcast.buffer);
	tx_queue_len = 1000;

	readonly adj_upper: netdev_adjacent[] = [];
	readonly adj_lower: netdev_adjacent[] = [];

	reg_state = NETREG_UNINITIALIZED;
	dismantle = false;
	/** References by dev_hold(), without the one of registration. */
	refcnt = 0;
	/** Private part of the driver, see netdev_priv(). */
	priv: unknown = null;
	/** PORT: the names of the two states in place of their numbers. */
	rtnl_link_state: 'initializing' | 'initialized' = 'initialized';
	priv_destructor: ((dev: net_device) => void) | null = null;
	/** Namespace the device is in; set at registration. */
	nd_net: net;
	rtnl_link_ops: rtnl_link_ops | null = null;
	gso_max_size = 65536;
	gso_max_segs = 65535;
	proto_down = false;

	constructor(nd_net: net, name: string, ops: net_device_ops) {
		this.nd_net = nd_net;
		this.machine = nd_net.machine;
		this.name = name;
		this.netdev_ops = ops;
	}
}

/** What the CPU, of which there is one, has at hand for packets. */
export class softnet_data {
	processed = 0;
	/** xmit.recursion */
	xmit_recursion = 0;
	/** Packets that the backlog had no room for. */
	dropped = 0;
	readonly input_pkt_queue = new sk_buff_head();
}

/** What a notifier callback gets. */
export class netdev_notifier_info {
	dev: net_device;
	extack: netlink_ext_ack | null;

	constructor(dev: net_device, extack: netlink_ext_ack | null = null) {
		this.dev = dev;
		this.extack = extack;
	}
}

/** Payload of NETDEV_PRECHANGEUPPER and NETDEV_CHANGEUPPER. */
export class netdev_notifier_changeupper_info extends netdev_notifier_info {
	upper_dev: net_device;
	master: boolean;
	linking: boolean;

	constructor(dev: net_device, upper_dev: net_device, master: boolean, linking: boolean) {
		super(dev);
		this.upper_dev = upper_dev;
		this.master = master;
		this.linking = linking;
	}
}

/** Payload of NETDEV_PRE_CHANGEADDR. */
export class netdev_notifier_pre_changeaddr_info extends netdev_notifier_info {
	dev_addr: Uint8Array;

	constructor(dev: net_device, dev_addr: Uint8Array) {
		super(dev);
		this.dev_addr = dev_addr;
	}
}

/** Payload of NETDEV_CHANGE. */
export class netdev_notifier_change_info extends netdev_notifier_info {
	flags_changed: number;

	constructor(dev: net_device, flags_changed: number) {
		super(dev);
		this.flags_changed = flags_changed;
	}
}

/** Payload of NETDEV_CHANGEMTU: ext_mtu is the old MTU. */
export class netdev_notifier_info_ext extends netdev_notifier_info {
	mtu: number;

	constructor(dev: net_device, mtu: number) {
		super(dev);
		this.mtu = mtu;
	}
}

/**
 * Room for the link header, rounded up to 16 bytes plus 16.
 * @kernel include/linux/netdevice.h:265 (v5.10)
 */
export function LL_RESERVED_SPACE(dev: net_device): number {
	return ((dev.hard_header_len + dev.needed_headroom) & ~15) + 16;
}

/**
 * Namespace of a device.
 * @kernel include/linux/netdevice.h:2305 (v5.10)
 */
export function dev_net(dev: net_device): net {
	return dev.nd_net;
}

/**
 * The driver's private part of a device.
 * @kernel include/linux/netdevice.h:2322 (v5.10)
 */
export function netdev_priv<T>(dev: net_device): T {
	return dev.priv as T;
}

/**
 * Device of a notifier payload.
 * @kernel include/linux/netdevice.h:2718 (v5.10)
 */
export function netdev_notifier_info_to_dev(info: netdev_notifier_info): net_device {
	return info.dev;
}

/**
 * Pushes the device's link header in front of the data.
 * @param type ethertype, host meaning of the number in skb->protocol
 * @param daddr destination MAC or null
 * @param saddr source MAC or null for the device's own
 * @param len payload bytes
 * @returns header bytes, 0 when the device has no header, negative when it could not be made
 * @kernel include/linux/netdevice.h:3102 (v5.10)
 */
export function dev_hard_header(
	skb: sk_buff,
	dev: net_device,
	type: __be16,
	daddr: Uint8Array | null,
	saddr: Uint8Array | null,
	len: number,
): number {
	if (dev.header_ops === null) return 0;
	return dev.header_ops.create(skb, dev, type, daddr, saddr, len);
}

/**
 * Copies the sender's link address out of a received frame.
 * @returns its length, 0 when the device cannot tell
 * @kernel include/linux/netdevice.h:3113 (v5.10)
 */
export function dev_parse_header(skb: sk_buff, haddr: Uint8Array): number {
	const ops = skb.dev!.header_ops;
	return ops?.parse !== undefined ? ops.parse(skb, haddr) : 0;
}

/**
 * Tells whether a device is administratively up.
 * @kernel include/linux/netdevice.h:3556 (v5.10)
 */
export function netif_running(dev: net_device): boolean {
	return (dev.state & (1 << __LINK_STATE_START)) !== 0;
}

/**
 * Drops a reference on a device.
 * @kernel include/linux/netdevice.h:3941 (v5.10)
 */
export function dev_put(dev: net_device): void {
	dev.refcnt--;
}

/**
 * Takes a reference on a device.
 * @kernel include/linux/netdevice.h:3952 (v5.10)
 */
export function dev_hold(dev: net_device): void {
	dev.refcnt++;
}

/**
 * Tells whether a device sees its link.
 * @kernel include/linux/netdevice.h:3976 (v5.10)
 */
export function netif_carrier_ok(dev: net_device): boolean {
	return (dev.state & (1 << __LINK_STATE_NOCARRIER)) === 0;
}

/**
 * Tells whether a device can pass traffic.
 * @kernel include/linux/netdevice.h:4077 (v5.10)
 */
export function netif_oper_up(dev: net_device): boolean {
	return dev.operstate === IF_OPER_UP || dev.operstate === IF_OPER_UNKNOWN;
}

/**
 * Tells whether a device is there (not suspended).
 * @kernel include/linux/netdevice.h:4089 (v5.10)
 */
export function netif_device_present(dev: net_device): boolean {
	return (dev.state & (1 << __LINK_STATE_PRESENT)) !== 0;
}

/**
 * Tells whether a device is a VRF.
 * @kernel include/linux/netdevice.h:4903 (v5.10)
 */
export function netif_is_l3_master(dev: net_device): boolean {
	return (dev.priv_flags & IFF_L3MDEV_MASTER) !== 0;
}

/**
 * Tells whether a device belongs to a VRF.
 * @kernel include/linux/netdevice.h:4908 (v5.10)
 */
export function netif_is_l3_slave(dev: net_device): boolean {
	return (dev.priv_flags & IFF_L3MDEV_SLAVE) !== 0;
}

/**
 * Tells whether a device is a bridge.
 * @kernel include/linux/netdevice.h:4913 (v5.10)
 */
export function netif_is_bridge_master(dev: net_device): boolean {
	return (dev.priv_flags & IFF_EBRIDGE) !== 0;
}

/**
 * Tells whether a device is a port of a bridge.
 * @kernel include/linux/netdevice.h:4918 (v5.10)
 */
export function netif_is_bridge_port(dev: net_device): boolean {
	return (dev.priv_flags & IFF_BRIDGE_PORT) !== 0;
}

/**
 * Tells whether a device is a VLAN device.
 * @kernel include/linux/if_vlan.h:72 (v5.10)
 */
export function is_vlan_dev(dev: net_device): boolean {
	return (dev.priv_flags & IFF_802_1Q_VLAN) !== 0;
}
