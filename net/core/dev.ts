// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/core/dev.c, base v5.10 + patch 3/9: registration and lookup of devices, receive and transmit,
 * notifiers, links between devices, and the forward path of patch 3/9.
 *
 * PORT: one processor, one backlog. Every packet that the receive softirq takes off the backlog costs one
 * microsecond of virtual time. Every device is noqueue, so transmit goes straight to the driver.
 * vlan_do_receive() is called through a registration point, since net/core leans on nothing above it.
 * Link notifications to netlink listeners are sent by net/core/rtnetlink.ts on the notifier chain.
 * Parameters that have one value in this world or come back as result are left out: the transmit queue
 * (xmit_one, dev_hard_start_xmit, __dev_queue_xmit, validate_xmit_skb), the processor and NAPI
 * (enqueue_to_backlog, flush_backlog, process_backlog), __dev_alloc_name, dev_close_many, nf_ingress,
 * __dev_notify_flags, dev_set_mac_address, __netdev_upper_dev_link. eth_type_trans() of net/ethernet/ is given
 * to __dev_forward_skb() and dev_forward_skb(), the carrier's functions of net/sched/ to
 * netif_stacked_transfer_operstate(). __netif_receive_skb_core() and __netif_receive_skb_one_core() keep
 * what C has on the stack in one object of the machine; deliver_ptype_list_skb() returns what pt_prev becomes.
 * Not ported: NAPI, GRO, XDP, tc, RPS/XPS, qdiscs, hardware queues, ioctl.
 */
import { machine_var, NET_RX_SOFTIRQ, NSEC_PER_USEC, type Machine } from '../../include/linux/machine.ts';
import {
	notifier_call_chain,
	notifier_chain_register,
	notifier_chain_unregister,
	notifier_head,
	notifier_to_errno,
	type notifier_block,
} from '../../include/linux/notifier.ts';
import type {
	packet_type,
	rtnl_link_stats64} from '../../include/linux/netdevice.ts';
import {
	__LINK_STATE_LINKWATCH_PENDING,
	__LINK_STATE_PRESENT,
	__LINK_STATE_START,
	DEV_PATH_ETHERNET,
	dev_put,
	dev_hold,
	IFF_NO_QUEUE,
	IFF_NO_RX_HANDLER,
	IFF_UNICAST_FLT,
	IFF_XMIT_DST_RELEASE,
	IFF_XMIT_DST_RELEASE_PERM,
	NET_ADDR_PERM,
	NET_NAME_RENAMED,
	NET_RX_DROP,
	NET_RX_SUCCESS,
	net_device,
	net_device_path_ctx,
	NET_DEVICE_PATH_STACK_MAX,
	type net_device_path_stack,
	netdev_adjacent,
	netdev_notifier_change_info,
	netdev_notifier_changeupper_info,
	netdev_notifier_info,
	netdev_notifier_info_ext,
	netdev_notifier_pre_changeaddr_info,
	NETDEV_CHANGE,
	NETDEV_CHANGEADDR,
	NETDEV_CHANGEMTU,
	NETDEV_CHANGENAME,
	NETDEV_CHANGEUPPER,
	NETDEV_DOWN,
	NETDEV_FEAT_CHANGE,
	NETDEV_GOING_DOWN,
	NETDEV_NOTIFY_PEERS,
	NETDEV_POST_INIT,
	NETDEV_PRE_CHANGEADDR,
	NETDEV_PRE_UP,
	NETDEV_PRECHANGEMTU,
	NETDEV_PRECHANGEUPPER,
	NETDEV_REGISTER,
	NET_XMIT_CN,
	NETDEV_TX_OK,
	NETDEV_UNREGISTER,
	NETDEV_UP,
	netif_carrier_ok,
	netif_device_present,
	netif_oper_up,
	netif_running,
	NETREG_REGISTERED,
	NETREG_UNINITIALIZED,
	NETREG_UNREGISTERED,
	NETREG_UNREGISTERING,
	type pskb,
	RX_HANDLER_ANOTHER,
	RX_HANDLER_CONSUMED,
	RX_HANDLER_EXACT,
	RX_HANDLER_PASS,
	type net_device_ops,
	type rx_handler_func_t,
} from '../../include/linux/netdevice.ts';
import {
	NETIF_F_ALL_TSO,
	NETIF_F_CSUM_MASK,
	NETIF_F_FRAGLIST,
	NETIF_F_GSO,
	NETIF_F_GSO_MASK,
	NETIF_F_GSO_UDP_L4,
	NETIF_F_HIGHDMA,
	NETIF_F_HW_CSUM,
	NETIF_F_HW_VLAN_CTAG_TX,
	NETIF_F_HW_VLAN_STAG_TX,
	NETIF_F_IP_CSUM,
	NETIF_F_IPV6_CSUM,
	NETIF_F_NETNS_LOCAL,
	NETIF_F_NOCACHE_COPY,
	NETIF_F_ONE_FOR_ALL,
	NETIF_F_SG,
	NETIF_F_SOFT_FEATURES,
	NETIF_F_TSO,
	NETIF_F_TSO6,
	NETIF_F_TSO_ECN,
	NETIF_F_TSO_MANGLEID,
	NETIF_F_UPPER_DISABLES,
} from '../../include/linux/netdev_features.ts';
import {
	__skb_dequeue,
	__skb_queue_tail,
	__vlan_hwaccel_clear_tag,
	CHECKSUM_COMPLETE,
	CHECKSUM_NONE,
	CHECKSUM_PARTIAL,
	CHECKSUM_UNNECESSARY,
	eth_type_vlan,
	PACKET_LOOPBACK,
	PACKET_OTHERHOST,
	PACKET_OUTGOING,
	type sk_buff,
	sk_buff_head,
	skb_checksum_start_offset,
	SKB_GSO_TCP_ECN,
	SKB_GSO_TCP_FIXEDID,
	SKB_GSO_TCPV4,
	SKB_GSO_TCPV6,
	SKB_GSO_UDP_L4,
	skb_has_shared_frag,
	skb_headlen,
	skb_is_gso,
	skb_is_nonlinear,
	skb_reset_mac_header,
	skb_reset_mac_len,
	skb_reset_network_header,
	skb_reset_transport_header,
	skb_set_transport_header,
	skb_transport_header_was_set,
	skb_vlan_tag_present,
} from '../../include/linux/skbuff.ts';
import { ETH_P_8021AD, ETH_P_8021Q, ETH_P_ALL } from '../../include/uapi/linux/if_ether.ts';
import {
	IFF_ALLMULTI,
	IFF_AUTOMEDIA,
	IFF_DEBUG,
	IFF_DORMANT,
	IFF_DYNAMIC,
	IFF_LOOPBACK,
	IFF_LOWER_UP,
	IFF_MULTICAST,
	IFF_NOARP,
	IFF_NOTRAILERS,
	IFF_PORTSEL,
	IFF_PROMISC,
	IFF_RUNNING,
	IFF_UP,
	IFF_VOLATILE,
	IFNAMSIZ,
} from '../../include/uapi/linux/if.ts';
import {
	EBUSY,
	EEXIST,
	EINVAL,
	EIO,
	EMLINK,
	ENETDOWN,
	ENFILE,
	ENODEV,
	ENOMEM,
	EOPNOTSUPP,
	EOVERFLOW,
	EPROTONOSUPPORT,
} from '../../include/uapi/linux/errno.ts';
import { csum_fold } from '../../include/net/checksum.ts';
import { get_unaligned_be16, put_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { qdisc_tx_is_noop } from '../../include/net/sch_generic.ts';
import type { netlink_ext_ack } from '../../include/net/netlink.ts';
import type { __be16 } from '../../include/linux/types.ts';
import { nf_hook_ingress } from '../netfilter/core.ts';
import {
	__skb_pull,
	__skb_push,
	__vlan_hwaccel_push_inside,
	can_checksum_protocol,
	consume_skb,
	kfree_skb,
	kfree_skb_list,
	skb_clone,
	skb_cow_head,
	skb_checksum,
	skb_dst_drop,
	skb_dst_force,
	skb_ensure_writable,
	skb_linearize,
	skb_network_protocol,
	skb_postpull_rcsum,
	skb_scrub_packet,
	skb_vlan_untag,
} from './skbuff.ts';

const PTYPE_HASH_SIZE = 16;
const PTYPE_HASH_MASK = PTYPE_HASH_SIZE - 1;
const XMIT_RECURSION_LIMIT = 8;
const MAX_NEST_DEV = 8;
const NETDEV_MAX_BACKLOG = 1000;
const NETDEV_BUDGET = 300;
/** Virtual cost of a packet in the receive softirq. */
const PACKET_NS = NSEC_PER_USEC;

/** A segmenter for an ethertype (struct packet_offload). */
export interface packet_offload {
	/** Network order. */
	type: __be16;
	/** Answers the first segment, null when nothing is to do, or a negative errno. */
	gso_segment: (skb: sk_buff, features: number) => sk_buff | number | null;
}

/** File-level variables of dev.c. */
class dev_globals {
	readonly netdev_chain = new notifier_head<netdev_notifier_info>();
	readonly ptype_base: packet_type[][] = Array.from({ length: PTYPE_HASH_SIZE }, () => []);
	readonly offload_base: packet_offload[] = [];
	/** Untags a packet onto its VLAN device; set by net/8021q/vlan_core.ts. */
	vlan_do_receive: ((skbp: pskb) => boolean) | null = null;
	/** Completes IPsec offload; nothing offloads here. */
	readonly skbp: pskb = { skb: null };
}

/** State of the device layer of a machine. */
export const dev_state = machine_var(() => new dev_globals());

/**
 * Enters a device into the lists of its namespace.
 * @kernel net/core/dev.c:358 (v5.10)
 */
function list_netdevice(dev: net_device): void {
	const net = dev.nd_net;
	net.dev_base_head.push(dev);
	net.dev_name_head.set(dev.name, dev);
	for (const alt of dev.altnames) net.dev_name_head.set(alt, dev);
	net.dev_index_head.set(dev.ifindex, dev);
	net.dev_base_seq++;
}

/**
 * Takes a device out of the lists of its namespace.
 * @kernel net/core/dev.c:377 (v5.10)
 */
function unlist_netdevice(dev: net_device): void {
	const net = dev.nd_net;
	const i = net.dev_base_head.indexOf(dev);
	if (i >= 0) net.dev_base_head.splice(i, 1);
	net.dev_name_head.delete(dev.name);
	for (const alt of dev.altnames) net.dev_name_head.delete(alt);
	net.dev_index_head.delete(dev.ifindex);
	net.dev_base_seq++;
}

/**
 * List that a packet type belongs on.
 * @kernel net/core/dev.c:511 (v5.10)
 */
function ptype_head(m: Machine, pt: packet_type): packet_type[] {
	if (pt.type === ETH_P_ALL)
		return pt.dev !== null ? pt.dev.ptype_all : m.ptype_all;
	return pt.dev !== null
		? pt.dev.ptype_specific
		: dev_state.of(m).ptype_base[pt.type & PTYPE_HASH_MASK];
}

/**
 * Adds a protocol or tap.
 * @kernel net/core/dev.c:533 (v5.10)
 */
export function dev_add_pack(m: Machine, pt: packet_type): void {
	ptype_head(m, pt).unshift(pt);
}

/**
 * Removes a protocol or tap.
 * @kernel net/core/dev.c:588 (v5.10)
 */
export function dev_remove_pack(m: Machine, pt: packet_type): void {
	const head = ptype_head(m, pt);
	const i = head.indexOf(pt);
	if (i >= 0) head.splice(i, 1);
}

/**
 * Adds a segmenter.
 * @kernel net/core/dev.c:609 (v5.10)
 */
export function dev_add_offload(m: Machine, po: packet_offload): void {
	dev_state.of(m).offload_base.push(po);
}

/**
 * Index of the lower device that a device stands on, its own when there is none.
 * @kernel net/core/dev.c:814 (v5.10)
 */
export function dev_get_iflink(dev: net_device): number {
	const fn = dev.netdev_ops.ndo_get_iflink;
	return fn !== undefined ? fn(dev) : dev.ifindex;
}

/**
 * Walks from a device down to the real device that packets for an address leave by.
 * v3: S02 - the sixth entry would be written past the array; it is recorded as BUG and dropped.
 * @param daddr destination MAC, 6 bytes
 * @param stack filled from index 0, num_paths 0 on entry; useless after an error
 * @returns 0 or more; -1 when a device cannot tell or does not advance
 * @kernel net/core/dev.c:846 patch 3/9
 */
export function dev_fill_forward_path(
	dev: net_device,
	daddr: Uint8Array,
	stack: net_device_path_stack,
): number {
	const ctx = new net_device_path_ctx(dev, daddr);
	let ret = 0;
	while (ctx.dev?.netdev_ops.ndo_fill_forward_path !== undefined) {
		const last_dev: net_device = ctx.dev;
		const path = next_path(last_dev, stack);
		if (path === null) return -1;
		ret = last_dev.netdev_ops.ndo_fill_forward_path!(ctx, path);
		if (ret < 0) return -1;
		if (ctx.dev === last_dev) {
			dev.machine.record('WARN', 'dev_fill_forward_path', `${last_dev.name} does not advance`);
			return -1;
		}
	}
	const path = next_path(dev, stack);
	if (path === null) return -1;
	path.type = DEV_PATH_ETHERNET;
	path.dev = ctx.dev;
	return ret;
}

/**
 * Takes the next slot of a path stack.
 * @returns the slot, or null where C would write past the array
 * @kernel PORT: v3: S02 the expression stack->path[stack->num_paths++] without a check
 */
function next_path(
	dev: net_device,
	stack: net_device_path_stack,
): net_device_path_stack['path'][number] | null {
	const k = stack.num_paths++;
	if (k < NET_DEVICE_PATH_STACK_MAX) return stack.path[k];
	dev.machine.record('BUG', 'dev_fill_forward_path', `path[${String(k)}] is past the array`);
	return null;
}

/**
 * Finds a device by name or alternative name.
 * @kernel net/core/dev.c:861 (v5.10)
 */
export function __dev_get_by_name(net: net, name: string): net_device | null {
	return net.dev_name_head.get(name) ?? null;
}

/**
 * Finds a device by name.
 * @kernel net/core/dev.c:882 (v5.10)
 */
export function dev_get_by_name_rcu(net: net, name: string): net_device | null {
	return net.dev_name_head.get(name) ?? null;
}

/**
 * Finds a device by name and takes a reference.
 * @kernel net/core/dev.c:903 (v5.10)
 */
export function dev_get_by_name(net: net, name: string): net_device | null {
	const dev = __dev_get_by_name(net, name);
	if (dev !== null) dev_hold(dev);
	return dev;
}

/**
 * Finds a device by index.
 * @kernel net/core/dev.c:928 (v5.10)
 */
export function __dev_get_by_index(net: net, ifindex: number): net_device | null {
	return net.dev_index_head.get(ifindex) ?? null;
}

/**
 * Finds a device by index.
 * @kernel net/core/dev.c:952 (v5.10)
 */
export function dev_get_by_index_rcu(net: net, ifindex: number): net_device | null {
	return net.dev_index_head.get(ifindex) ?? null;
}

/**
 * Finds a device by index and takes a reference.
 * @kernel net/core/dev.c:977 (v5.10)
 */
export function dev_get_by_index(net: net, ifindex: number): net_device | null {
	const dev = __dev_get_by_index(net, ifindex);
	if (dev !== null) dev_hold(dev);
	return dev;
}

/**
 * Tells whether a text can be a device name.
 * @kernel net/core/dev.c:1138 (v5.10)
 */
export function dev_valid_name(name: string): boolean {
	if (name.length === 0 || name.length >= IFNAMSIZ) return false;
	if (name === '.' || name === '..') return false;
	return !/[/:\s]/.test(name);
}

/**
 * Finds a free name for a template with one `%d`.
 * @returns the name, or a negative errno
 * @kernel net/core/dev.c:1171 (v5.10)
 */
function __dev_alloc_name(net: net, name: string): string | number {
	if (!dev_valid_name(name)) return -EINVAL;
	const p = name.indexOf('%');
	if (p < 0) return net.dev_name_head.has(name) ? -ENFILE : name;
	if (name[p + 1] !== 'd' || name.includes('%', p + 2)) return -EINVAL;
	for (let i = 0; i < 32768; i++) {
		const candidate = name.slice(0, p) + String(i) + name.slice(p + 2);
		if (!net.dev_name_head.has(candidate)) return candidate;
	}
	return -ENFILE;
}

/**
 * Gives a device a valid and free name.
 * @param name a name or template
 * @returns 0 or a negative errno
 * @kernel net/core/dev.c:1258 (v5.10)
 */
function dev_get_valid_name(net: net, dev: net_device, name: string): number {
	if (!dev_valid_name(name)) return -EINVAL;
	if (name.includes('%')) {
		const r = __dev_alloc_name(net, name);
		if (typeof r === 'number') return r;
		dev.name = r;
		return 0;
	}
	if (net.dev_name_head.has(name)) return -EEXIST;
	dev.name = name;
	return 0;
}

/**
 * Renames a device that is down.
 * @returns 0, -EBUSY when it is up, -EINVAL, -EEXIST
 * @kernel net/core/dev.c:1284 (v5.10)
 */
export function dev_change_name(dev: net_device, newname: string): number {
	const net = dev.nd_net;
	if ((dev.flags & IFF_UP) !== 0) return -EBUSY;
	if (newname === dev.name) return 0;
	const oldname = dev.name;
	const err = dev_get_valid_name(net, dev, newname);
	if (err < 0) return err;
	dev.machine.printk(`${oldname}: renamed to ${dev.name}`);
	dev.name_assign_type = NET_NAME_RENAMED;
	net.dev_name_head.delete(oldname);
	net.dev_name_head.set(dev.name, dev);
	return notifier_to_errno(call_netdevice_notifiers(NETDEV_CHANGENAME, dev));
}

/**
 * Tells listeners that features changed.
 * @kernel net/core/dev.c:1444 (v5.10)
 */
export function netdev_features_change(dev: net_device): void {
	call_netdevice_notifiers(NETDEV_FEAT_CHANGE, dev);
}

/**
 * Tells listeners that a device's link state changed.
 * @kernel net/core/dev.c:1458 (v5.10)
 */
export function netdev_state_change(dev: net_device): void {
	if ((dev.flags & IFF_UP) === 0) return;
	call_netdevice_notifiers_info(NETDEV_CHANGE, new netdev_notifier_change_info(dev, 0));
}

/**
 * Asks protocols to announce themselves on a device.
 * @kernel net/core/dev.c:1482 (v5.10)
 */
export function netdev_notify_peers(dev: net_device): void {
	call_netdevice_notifiers(NETDEV_NOTIFY_PEERS, dev);
}

/**
 * Attaches a device's queue and, once there is a carrier, puts it to use.
 * @kernel PORT: net/sched/sch_generic.c:1091 dev_activate; net/sched/ leans on this file
 */
export function dev_activate(dev: net_device): void {
	dev.qdisc_attached = true;
	if (netif_carrier_ok(dev)) dev.qdisc_active = true;
}

/**
 * Takes a device's queue out of use.
 * @kernel PORT: net/sched/sch_generic.c:1239 dev_deactivate; net/sched/ leans on this file
 */
export function dev_deactivate(dev: net_device): void {
	dev.qdisc_active = false;
}

/**
 * Brings a device up.
 * @returns 0, -ENODEV when it is not present, or the driver's errno
 * @kernel net/core/dev.c:1491 (v5.10)
 */
function __dev_open(dev: net_device, extack: netlink_ext_ack | null): number {
	const ops = dev.netdev_ops;
	if (!netif_device_present(dev)) return -ENODEV;
	let ret = notifier_to_errno(
		call_netdevice_notifiers_info(NETDEV_PRE_UP, new netdev_notifier_info(dev, extack)),
	);
	if (ret !== 0) return ret;
	dev.state |= 1 << __LINK_STATE_START;
	if (ops.ndo_validate_addr !== undefined) ret = ops.ndo_validate_addr(dev);
	if (ret === 0 && ops.ndo_open !== undefined) ret = ops.ndo_open(dev);
	if (ret !== 0) {
		dev.state &= ~(1 << __LINK_STATE_START);
	} else {
		dev.flags |= IFF_UP;
		dev_set_rx_mode(dev);
		dev_activate(dev);
	}
	return ret;
}

/**
 * Brings a device up and tells listeners.
 * @returns 0 or a negative errno
 * @kernel net/core/dev.c:1552 (v5.10)
 */
export function dev_open(dev: net_device, extack: netlink_ext_ack | null): number {
	if ((dev.flags & IFF_UP) !== 0) return 0;
	const ret = __dev_open(dev, extack);
	if (ret < 0) return ret;
	call_netdevice_notifiers(NETDEV_UP, dev);
	return ret;
}

/**
 * Takes devices down.
 * @kernel net/core/dev.c:1570 (v5.10)
 */
function __dev_close_many(head: readonly net_device[]): void {
	for (const dev of head) {
		call_netdevice_notifiers(NETDEV_GOING_DOWN, dev);
		dev.state &= ~(1 << __LINK_STATE_START);
	}
	for (const dev of head) dev_deactivate(dev);
	for (const dev of head) {
		dev.netdev_ops.ndo_stop?.(dev);
		dev.flags &= ~IFF_UP;
	}
}

/**
 * Takes those devices down that are up, and tells listeners.
 * @kernel net/core/dev.c:1623 (v5.10)
 */
export function dev_close_many(head: readonly net_device[]): void {
	const up = head.filter((dev) => (dev.flags & IFF_UP) !== 0);
	__dev_close_many(up);
	for (const dev of up) call_netdevice_notifiers(NETDEV_DOWN, dev);
}

/**
 * Takes a device down and tells listeners.
 * @kernel net/core/dev.c:1652 (v5.10)
 */
export function dev_close(dev: net_device): void {
	if ((dev.flags & IFF_UP) !== 0) dev_close_many([dev]);
}

/**
 * Adds a listener; it hears of all devices there are first.
 * @returns 0 or the listener's errno
 * @kernel net/core/dev.c:1810 (v5.10)
 */
export function register_netdevice_notifier(
	m: Machine,
	nb: notifier_block<netdev_notifier_info>,
): number {
	notifier_chain_register(dev_state.of(m).netdev_chain, nb);
	for (const net of m.net_namespace_list)
		for (const dev of net.dev_base_head) {
			const err = notifier_to_errno(nb.notifier_call(NETDEV_REGISTER, new netdev_notifier_info(dev)));
			if (err !== 0) return err;
			if ((dev.flags & IFF_UP) !== 0) nb.notifier_call(NETDEV_UP, new netdev_notifier_info(dev));
		}
	return 0;
}

/**
 * Removes a listener.
 * @kernel net/core/dev.c:1857 (v5.10)
 */
export function unregister_netdevice_notifier(
	m: Machine,
	nb: notifier_block<netdev_notifier_info>,
): number {
	return notifier_chain_unregister(dev_state.of(m).netdev_chain, nb);
}

/**
 * Tells listeners of an event with its payload.
 * @returns the last listener's answer
 * @kernel net/core/dev.c:2020 (v5.10)
 */
function call_netdevice_notifiers_info(val: number, info: netdev_notifier_info): number {
	return notifier_call_chain(dev_state.of(info.dev.machine).netdev_chain, val, info);
}

/**
 * Tells listeners of an event.
 * @returns the last listener's answer
 * @kernel net/core/dev.c:2059 (v5.10)
 */
export function call_netdevice_notifiers(val: number, dev: net_device): number {
	return call_netdevice_notifiers_info(val, new netdev_notifier_info(dev));
}

/**
 * Tells whether a device takes a packet of this size.
 * @kernel include/linux/netdevice.h:3934 (v5.10)
 */
export function is_skb_forwardable(dev: net_device, skb: sk_buff): boolean {
	if ((dev.flags & IFF_UP) === 0) return false;
	const len = dev.mtu + dev.hard_header_len + 4;
	if (skb.len <= len) return true;
	return skb_is_gso(skb);
}

/**
 * Prepares a packet that one device hands to another.
 * @param eth_type_trans sets protocol and packet type for the receiving device
 * @returns 0, or NET_RX_DROP when the packet was too large or the device down; it is freed then
 * @kernel net/core/dev.c:2211 (v5.10)
 */
export function __dev_forward_skb(
	dev: net_device,
	skb: sk_buff,
	eth_type_trans: (skb: sk_buff, dev: net_device) => __be16,
): number {
	if (!is_skb_forwardable(dev, skb)) {
		dev.rx_dropped++;
		kfree_skb(skb);
		return NET_RX_DROP;
	}
	skb_scrub_packet(skb, skb.dev === null || dev.nd_net !== skb.dev.nd_net);
	skb.priority = 0;
	skb.protocol = eth_type_trans(skb, dev);
	skb_postpull_rcsum(skb, skb.mac_header, 14);
	return 0;
}

/**
 * Hands a packet to another device's receive path.
 * @param eth_type_trans see __dev_forward_skb()
 * @returns NET_RX_SUCCESS or NET_RX_DROP
 * @kernel net/core/dev.c:2242 (v5.10)
 */
export function dev_forward_skb(
	dev: net_device,
	skb: sk_buff,
	eth_type_trans: (skb: sk_buff, dev: net_device) => __be16,
): number {
	const ret = __dev_forward_skb(dev, skb, eth_type_trans);
	return ret !== 0 ? ret : netif_rx_internal(skb);
}

/**
 * Gives a packet to one of several receivers.
 * @kernel net/core/dev.c:2248 (v5.10)
 */
function deliver_skb(skb: sk_buff, pt_prev: packet_type, orig_dev: net_device): number {
	skb.users++;
	return pt_prev.func(skb, skb.dev!, pt_prev, orig_dev);
}

/**
 * Gives a packet to the protocols of its type but the last one.
 * @returns the receiver that waits
 * @kernel net/core/dev.c:2258 (v5.10)
 */
function deliver_ptype_list_skb(
	skb: sk_buff,
	pt_prev: packet_type | null,
	orig_dev: net_device,
	type: __be16,
	ptype_list: readonly packet_type[],
): packet_type | null {
	for (let i = 0; i < ptype_list.length; i++) {
		const ptype = ptype_list[i];
		if (ptype.type !== type) continue;
		if (pt_prev !== null) deliver_skb(skb, pt_prev, orig_dev);
		pt_prev = ptype;
	}
	return pt_prev;
}

/**
 * Tells whether a tap wants to see what a device sends.
 * @kernel net/core/dev.c:2294 (v5.10)
 */
export function dev_nit_active(dev: net_device): boolean {
	return dev.machine.ptype_all.length !== 0 || dev.ptype_all.length !== 0;
}

/**
 * Shows a packet that is about to be sent to the taps.
 * @kernel net/core/dev.c:2305 (v5.10)
 */
export function dev_queue_xmit_nit(skb: sk_buff, dev: net_device): void {
	let skb2: sk_buff | null = null;
	let pt_prev: packet_type | null = null;
	const { ptype_all } = dev.machine;
	for (let list = ptype_all; ; list = dev.ptype_all) {
		for (const ptype of list) {
			if (ptype.ignore_outgoing) continue;
			if (ptype.id_match?.(skb) === true) continue;
			if (pt_prev !== null && skb2 !== null) {
				deliver_skb(skb2, pt_prev, skb.dev!);
				pt_prev = ptype;
				continue;
			}
			skb2 = skb_clone(skb);
			skb_reset_mac_header(skb2);
			if (skb2.network_header < skb2.data || skb2.network_header > skb2.tail)
				skb_reset_network_header(skb2);
			skb2.transport_header = skb2.network_header;
			skb2.pkt_type = PACKET_OUTGOING;
			pt_prev = ptype;
		}
		if (list !== ptype_all) break;
	}
	if (pt_prev !== null && skb2 !== null) pt_prev.func(skb2, skb.dev!, pt_prev, skb.dev!);
}

/**
 * Completes a packet's transport checksum in software.
 * @returns 0 or a negative errno
 * @kernel net/core/dev.c:3201 (v5.10)
 */
export function skb_checksum_help(skb: sk_buff): number {
	if (skb.ip_summed === CHECKSUM_COMPLETE) {
		skb.ip_summed = CHECKSUM_NONE;
		return 0;
	}
	if (skb_is_gso(skb)) {
		skb.machine.record('WARN', 'skb_checksum_help', 'packet is GSO', skb);
		return -EINVAL;
	}
	/* What others may write meanwhile is copied before it is summed. */
	let ret = skb_has_shared_frag(skb) ? skb_linearize(skb) : 0;
	if (ret !== 0) return ret;
	let offset = skb_checksum_start_offset(skb);
	if (offset >= skb_headlen(skb)) {
		skb.machine.record('BUG', 'skb_checksum_help', 'checksum starts outside the linear data', skb);
		return -EINVAL;
	}
	const csum = skb_checksum(skb, offset, skb.len - offset, 0);
	offset += skb.csum_offset;
	ret = skb_ensure_writable(skb, offset + 2);
	if (ret !== 0) return ret;
	const sum = csum_fold(csum);
	put_unaligned_be16(sum === 0 ? 0xffff : sum, skb.head, skb.data + offset);
	skb.ip_summed = CHECKSUM_NONE;
	return 0;
}

/**
 * Segments a GSO packet by its ethertype's segmenter.
 * @returns first segment, null when the packet needs no segmenting, or a negative errno
 * @kernel net/core/dev.c:3305 (v5.10)
 */
export function skb_mac_gso_segment(skb: sk_buff, features: number): sk_buff | number | null {
	const depth = vlan_depth(skb);
	const type = skb_network_protocol(skb);
	if (type === 0) return -EINVAL;
	__skb_pull(skb, depth);
	let segs: sk_buff | number | null = -EPROTONOSUPPORT;
	for (const ptype of dev_state.of(skb.machine).offload_base)
		if (ptype.type === type) {
			segs = ptype.gso_segment(skb, features);
			break;
		}
	__skb_push(skb, skb.data - skb.mac_header);
	return segs;
}

/**
 * Bytes from data to the network header of a frame, tags in the bytes included.
 * @kernel PORT: second result of skb_network_protocol
 */
function vlan_depth(skb: sk_buff): number {
	let depth = skb.mac_len;
	let type = skb.protocol;
	if (eth_type_vlan(type)) {
		if (depth !== 0) depth -= 4;
		else depth = 14;
		while (eth_type_vlan(type) && skb_headlen(skb) >= depth + 4) {
			type = get_unaligned_be16(skb.head, skb.data + depth + 2);
			depth += 4;
		}
	}
	return depth;
}

/**
 * Segments a GSO packet in software.
 * @param features what the device can do
 * @param tx_path false on the receive side, where checksums may be missing
 * @returns first segment, null when the device can take the packet after all, or a negative errno
 * @kernel net/core/dev.c:3358 (v5.10)
 */
export function __skb_gso_segment(
	skb: sk_buff,
	features: number,
	tx_path: boolean,
): sk_buff | number | null {
	const needs_check = tx_path
		? skb.ip_summed !== CHECKSUM_PARTIAL && skb.ip_summed !== CHECKSUM_UNNECESSARY
		: skb.ip_summed === CHECKSUM_NONE;
	if (needs_check) {
		const err = skb_cow_head(skb, 0);
		if (err < 0) return err;
	}
	skb_reset_mac_header(skb);
	skb_reset_mac_len(skb);
	return skb_mac_gso_segment(skb, features);
}

/**
 * Segments a GSO packet on the transmit side.
 * @returns as __skb_gso_segment()
 * @kernel include/linux/netdevice.h:4683 (v5.10)
 */
export function skb_gso_segment(skb: sk_buff, features: number): sk_buff | number | null {
	return __skb_gso_segment(skb, features, true);
}

/**
 * Features needed to take a kind of GSO packet.
 * @param gso_type SKB_GSO_*
 * @kernel PORT: include/linux/netdevice.h:4698 net_gso_ok, where both numberings coincide
 */
function gso_features_needed(gso_type: number): number {
	let f = 0;
	if ((gso_type & SKB_GSO_TCPV4) !== 0) f |= NETIF_F_TSO;
	if ((gso_type & SKB_GSO_TCPV6) !== 0) f |= NETIF_F_TSO6;
	if ((gso_type & SKB_GSO_TCP_ECN) !== 0) f |= NETIF_F_TSO_ECN;
	if ((gso_type & SKB_GSO_TCP_FIXEDID) !== 0) f |= NETIF_F_TSO_MANGLEID;
	if ((gso_type & SKB_GSO_UDP_L4) !== 0) f |= NETIF_F_GSO_UDP_L4;
	return f;
}

/**
 * Tells whether features include what a kind of GSO packet needs.
 * @kernel include/linux/netdevice.h:4807 (v5.10)
 */
export function net_gso_ok(features: number, gso_type: number): boolean {
	const needed = gso_features_needed(gso_type);
	return (features & needed) === needed;
}

/**
 * Tells whether a packet can be sent as it is by a device with these features.
 * @kernel include/linux/netdevice.h:4835 (v5.10)
 */
export function skb_gso_ok(skb: sk_buff, features: number): boolean {
	return (
		net_gso_ok(features, skb.shinfo.gso_type) &&
		(skb.shinfo.frag_list === null || (features & NETIF_F_FRAGLIST) !== 0)
	);
}

/**
 * Tells whether a packet must be segmented in software.
 * @kernel include/linux/netdevice.h:4841 (v5.10)
 */
export function netif_needs_gso(skb: sk_buff, features: number): boolean {
	return (
		skb_is_gso(skb) &&
		(!skb_gso_ok(skb, features) ||
			(skb.ip_summed !== CHECKSUM_PARTIAL && skb.ip_summed !== CHECKSUM_UNNECESSARY))
	);
}

/**
 * Takes features away that a packet's checksum state cannot use.
 * @kernel net/core/dev.c:3456 (v5.10)
 */
function harmonize_features(skb: sk_buff, features: number): number {
	if (
		skb.ip_summed !== CHECKSUM_NONE &&
		!can_checksum_protocol(features, skb_network_protocol(skb))
	)
		features &= ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	return features;
}

/**
 * Takes features away that do not reach below several tags.
 * @kernel include/linux/if_vlan.h:730 (v5.10)
 */
export function vlan_features_check(skb: sk_buff, features: number): number {
	if (skb_vlan_tagged_multi(skb))
		features &= NETIF_F_SG | NETIF_F_HIGHDMA | NETIF_F_HW_CSUM | NETIF_F_FRAGLIST | NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_STAG_TX;
	return features;
}

/**
 * Tells whether a packet carries a tag, beside or in the bytes.
 * @kernel include/linux/if_vlan.h:684 (v5.10)
 */
export function skb_vlan_tagged(skb: sk_buff): boolean {
	return skb_vlan_tag_present(skb) || eth_type_vlan(skb.protocol);
}

/**
 * Tells whether a packet carries more than one tag.
 * @kernel include/linux/if_vlan.h:700 (v5.10)
 */
function skb_vlan_tagged_multi(skb: sk_buff): boolean {
	if (!skb_vlan_tag_present(skb)) {
		if (!eth_type_vlan(skb.protocol) || skb_headlen(skb) < 18) return false;
		return eth_type_vlan(get_unaligned_be16(skb.head, skb.data + 16));
	}
	return eth_type_vlan(skb.protocol);
}

/**
 * For devices that take tags in the bytes as they come.
 * @kernel net/core/dev.c:3474 (v5.10)
 */
export function passthru_features_check(
	_skb: sk_buff,
	_dev: net_device,
	features: number,
): number {
	return features;
}

/**
 * Takes features away that a GSO packet exceeds.
 * @kernel net/core/dev.c:3489 (v5.10)
 */
function gso_features_check(skb: sk_buff, dev: net_device, features: number): number {
	if (skb.shinfo.gso_segs > dev.gso_max_segs) return features & ~NETIF_F_GSO_MASK;
	features &= ~dev.gso_partial_features;
	if ((skb.shinfo.gso_type & SKB_GSO_TCPV4) !== 0) {
		const frag_off = get_unaligned_be16(skb.head, skb.network_header + 6);
		if ((frag_off & 0x4000) === 0) features &= ~NETIF_F_TSO_MANGLEID;
	}
	return features;
}

/**
 * Features that a device has for a given packet.
 * @kernel net/core/dev.c:3521 (v5.10)
 */
export function netif_skb_features(skb: sk_buff): number {
	const dev = skb.dev!;
	let features = dev.features;
	if (skb_is_gso(skb)) features = gso_features_check(skb, dev, features);
	if (skb.encapsulation) features &= dev.hw_enc_features;
	if (skb_vlan_tagged(skb))
		features = netdev_intersect_features(
			features,
			dev.vlan_features | NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_STAG_TX,
		);
	const check = dev.netdev_ops.ndo_features_check;
	features &= check !== undefined ? check(skb, dev, features) : vlan_features_check(skb, features);
	return harmonize_features(skb, features);
}

/**
 * Features that two sets have in common, a general checksum engine standing for the special ones.
 * @kernel include/linux/netdevice.h:4764 (v5.10)
 */
export function netdev_intersect_features(f1: number, f2: number): number {
	if (((f1 ^ f2) & NETIF_F_HW_CSUM) !== 0) {
		if ((f1 & NETIF_F_HW_CSUM) !== 0) f1 |= NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM;
		else f2 |= NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM;
	}
	return f1 & f2;
}

/**
 * Sends one packet: taps, then the driver.
 * @returns NETDEV_TX_OK or the driver's code
 * @kernel net/core/dev.c:3552 (v5.10)
 */
function xmit_one(skb: sk_buff, dev: net_device): number {
	if (dev_nit_active(dev)) dev_queue_xmit_nit(skb, dev);
	return dev.netdev_ops.ndo_start_xmit(skb, dev);
}

/**
 * Sends a list of packets.
 * @returns the last code of the driver
 * @kernel net/core/dev.c:3570 (v5.10)
 */
export function dev_hard_start_xmit(first: sk_buff, dev: net_device): number {
	let rc = NETDEV_TX_OK;
	for (let skb: sk_buff | null = first; skb !== null; ) {
		const next: sk_buff | null = skb.next;
		skb.next = null;
		rc = xmit_one(skb, dev);
		skb = next;
	}
	return rc;
}

/**
 * Puts the tag into the bytes when the device cannot insert it.
 * @returns the packet, or null when it was freed
 * @kernel net/core/dev.c:3598 (v5.10)
 */
function validate_xmit_vlan(skb: sk_buff, features: number): sk_buff | null {
	if (skb_vlan_tag_present(skb) && !vlan_hw_offload_capable(features, skb.vlan_proto))
		return __vlan_hwaccel_push_inside(skb);
	return skb;
}

/**
 * Tells whether a device inserts tags of a kind.
 * @kernel include/linux/if_vlan.h:313 (v5.10)
 */
export function vlan_hw_offload_capable(features: number, proto: __be16): boolean {
	if (proto === ETH_P_8021Q) return (features & NETIF_F_HW_VLAN_CTAG_TX) !== 0;
	if (proto === ETH_P_8021AD) return (features & NETIF_F_HW_VLAN_STAG_TX) !== 0;
	return false;
}

/**
 * Completes a checksum unless the device will.
 * @returns 0 or a negative errno
 * @kernel net/core/dev.c:3607 (v5.10)
 */
export function skb_csum_hwoffload_help(skb: sk_buff, features: number): number {
	return (features & NETIF_F_CSUM_MASK) !== 0 ? 0 : skb_checksum_help(skb);
}

/**
 * Makes a packet what the device can take: tag, segments, linear data, checksum.
 * @returns the packet or a list of segments, or null when it was dropped
 * @kernel net/core/dev.c:3618 (v5.10)
 */
function validate_xmit_skb(skb: sk_buff, dev: net_device): sk_buff | null {
	const features = netif_skb_features(skb);
	out_null: {
		const tagged = validate_xmit_vlan(skb, features);
		if (tagged === null) break out_null;
		skb = tagged;
		out_kfree_skb: {
			if (netif_needs_gso(skb, features)) {
				const segs = skb_gso_segment(skb, features);
				if (typeof segs === 'number') break out_kfree_skb;
				if (segs !== null) {
					consume_skb(skb);
					skb = segs;
				}
				return skb;
			}
			if (skb_needs_linearize(skb, features) && skb_linearize(skb) !== 0) break out_kfree_skb;
			if (skb.ip_summed === CHECKSUM_PARTIAL) {
				skb_set_transport_header(skb, skb_checksum_start_offset(skb));
				if (skb_csum_hwoffload_help(skb, features) !== 0) break out_kfree_skb;
			}
			return skb;
		}
		kfree_skb(skb);
	}
	dev.tx_dropped++;
	return null;
}

/**
 * Sends a packet back to the receive side of its device, as multicast to oneself.
 * @returns 0
 * @kernel net/core/dev.c:3846 (v5.10)
 */
export function dev_loopback_xmit(_net: net, _sk: unknown, skb: sk_buff): number {
	skb_reset_mac_header(skb);
	__skb_pull(skb, skb.network_header - skb.data);
	skb.pkt_type = PACKET_LOOPBACK;
	skb.ip_summed = CHECKSUM_UNNECESSARY;
	skb_dst_force(skb);
	netif_rx(skb);
	return 0;
}

/**
 * Tells whether a device cannot take a packet's fragments.
 * @kernel include/linux/skbuff.h:3641 (v5.10)
 */
function skb_needs_linearize(skb: sk_buff, features: number): boolean {
	if (!skb_is_nonlinear(skb)) return false;
	return (
		(skb.shinfo.frag_list !== null && (features & NETIF_F_FRAGLIST) === 0) ||
		(skb.shinfo.nr_frags !== 0 && (features & NETIF_F_SG) === 0)
	);
}

/**
 * Sends a packet by its device. The packet is gone afterwards, whatever the answer.
 * @returns 0, NET_XMIT_*, or -ENETDOWN
 * @kernel net/core/dev.c:4064 (v5.10)
 */
function __dev_queue_xmit(skb: sk_buff): number {
	const dev = skb.dev!;
	const m = dev.machine;
	skb_reset_mac_header(skb);
	m.local_bh_disable();
	if ((dev.priv_flags & IFF_XMIT_DST_RELEASE) !== 0) skb_dst_drop(skb);
	else skb_dst_force(skb);
	/* PORT: noop_enqueue(), the queue of a device that is down or has no carrier. */
	if (qdisc_tx_is_noop(dev)) {
		kfree_skb_list(skb);
		m.local_bh_enable();
		return NET_XMIT_CN;
	}
	let rc = -ENETDOWN;
	const sd = m.softnet_data;
	if ((dev.flags & IFF_UP) !== 0) {
		if (sd.xmit_recursion <= XMIT_RECURSION_LIMIT) {
			const valid = validate_xmit_skb(skb, dev);
			if (valid === null) {
				m.local_bh_enable();
				return -ENOMEM;
			}
			sd.xmit_recursion++;
			rc = dev_hard_start_xmit(valid, dev);
			sd.xmit_recursion--;
			m.local_bh_enable();
			return rc;
		}
		m.printk(`Dead loop on virtual device ${dev.name}, fix it urgently!`);
	}
	m.local_bh_enable();
	dev.tx_dropped++;
	kfree_skb_list(skb);
	return rc;
}

/**
 * Sends a packet by its device.
 * @returns 0, NET_XMIT_*, or a negative errno; the packet is gone in each case
 * @kernel net/core/dev.c:4171 (v5.10)
 */
export function dev_queue_xmit(skb: sk_buff): number {
	return __dev_queue_xmit(skb);
}

/**
 * Puts a received packet on the backlog.
 * @returns NET_RX_SUCCESS, or NET_RX_DROP when there was no room
 * @kernel net/core/dev.c:4522 (v5.10)
 */
function enqueue_to_backlog(skb: sk_buff): number {
	const m = skb.machine;
	const sd = m.softnet_data;
	if (netif_running(skb.dev!) && sd.input_pkt_queue.qlen <= NETDEV_MAX_BACKLOG) {
		if (sd.input_pkt_queue.qlen === 0) m.raise_softirq(NET_RX_SOFTIRQ);
		__skb_queue_tail(sd.input_pkt_queue, skb);
		return NET_RX_SUCCESS;
	}
	sd.dropped++;
	skb.dev!.rx_dropped++;
	kfree_skb(skb);
	return NET_RX_DROP;
}

/**
 * Receives a packet from a driver; it is processed in the receive softirq.
 * @returns NET_RX_SUCCESS or NET_RX_DROP
 * @kernel net/core/dev.c:4764 (v5.10)
 */
function netif_rx_internal(skb: sk_buff): number {
	return enqueue_to_backlog(skb);
}

/**
 * Receives a packet from a driver; it is processed in the receive softirq.
 * @returns NET_RX_SUCCESS or NET_RX_DROP
 * @kernel net/core/dev.c:4814 (v5.10)
 */
export function netif_rx(skb: sk_buff): number {
	return netif_rx_internal(skb);
}

/**
 * Makes a function see a device's packets before the protocols.
 * @returns 0, -EBUSY when there is one already, -EINVAL when the device refuses
 * @kernel net/core/dev.c:5022 (v5.10)
 */
export function netdev_rx_handler_register(
	dev: net_device,
	rx_handler: rx_handler_func_t,
	rx_handler_data: unknown,
): number {
	if (dev.rx_handler !== null) return -EBUSY;
	if ((dev.priv_flags & IFF_NO_RX_HANDLER) !== 0) return -EINVAL;
	dev.rx_handler_data = rx_handler_data;
	dev.rx_handler = rx_handler;
	return 0;
}

/**
 * Ends netdev_rx_handler_register().
 * @kernel net/core/dev.c:5048 (v5.10)
 */
export function netdev_rx_handler_unregister(dev: net_device): void {
	dev.rx_handler = null;
	dev.rx_handler_data = null;
}

/**
 * Runs the netfilter hooks of the device; a receiver that waits gets the packet first.
 * @returns negative when the packet is gone
 * @kernel net/core/dev.c:5080 (v5.10)
 */
function nf_ingress(skb: sk_buff, pt_prev: packet_type | null, orig_dev: net_device): number {
	if (pt_prev !== null) deliver_skb(skb, pt_prev, orig_dev);
	return nf_hook_ingress(skb);
}

/**
 * Walks a received packet through taps, ingress hooks, VLAN, rx handler, to the protocols.
 * @param skbp holds the packet; null afterwards when it was consumed
 * @returns the protocol that shall get the packet last, or null
 * @kernel net/core/dev.c:5099 (v5.10)
 */
function __netif_receive_skb_core(skbp: pskb, g: dev_globals): packet_type | null {
	let skb = skbp.skb!;
	const orig_dev = skb.dev!;
	const m = skb.machine;
	let deliver_exact = false;
	let pt_prev: packet_type | null = null;

	skb_reset_network_header(skb);
	if (!skb_transport_header_was_set(skb)) skb_reset_transport_header(skb);
	skb_reset_mac_len(skb);

	another_round: for (;;) {
		let dev = skb.dev!;
		skb.skb_iif = dev.ifindex;
		m.softnet_data.processed++;

		if (skb.protocol === ETH_P_8021Q || skb.protocol === ETH_P_8021AD) {
			const untagged = skb_vlan_untag(skb);
			if (untagged === null) return null;
			skb = untagged;
		}

		if (m.ptype_all.length !== 0) pt_prev = deliver_taps(skb, m.ptype_all, pt_prev, orig_dev);
		if (dev.ptype_all.length !== 0) pt_prev = deliver_taps(skb, dev.ptype_all, pt_prev, orig_dev);

		if (dev.nf_hooks_ingress !== null) {
			if (nf_ingress(skb, pt_prev, orig_dev) < 0) return null;
			pt_prev = null;
		}

		if (skb.vlan_present) {
			if (pt_prev !== null) {
				deliver_skb(skb, pt_prev, orig_dev);
				pt_prev = null;
			}
			if (g.vlan_do_receive !== null) {
				skbp.skb = skb;
				if (g.vlan_do_receive(skbp)) {
					skb = skbp.skb;
					continue another_round;
				}
				if (skbp.skb === null) return null;
				skb = skbp.skb;
			}
		}

		const rx_handler = dev.rx_handler;
		if (rx_handler !== null) {
			if (pt_prev !== null) {
				deliver_skb(skb, pt_prev, orig_dev);
				pt_prev = null;
			}
			skbp.skb = skb;
			const res = rx_handler(skbp);
			if (res === RX_HANDLER_CONSUMED) return null;
			skb = skbp.skb;
			if (res === RX_HANDLER_ANOTHER) continue another_round;
			if (res === RX_HANDLER_EXACT) deliver_exact = true;
			else if (res !== RX_HANDLER_PASS)
				skb.machine.record('BUG', '__netif_receive_skb_core', 'rx handler answered nonsense', skb);
		}

		check_vlan_id: while (skb.vlan_present) {
			if ((skb.vlan_tci & 0x0fff) !== 0) {
				skb.pkt_type = PACKET_OTHERHOST;
			} else if (skb.protocol === ETH_P_8021Q || skb.protocol === ETH_P_8021AD) {
				__vlan_hwaccel_clear_tag(skb);
				const untagged = skb_vlan_untag(skb);
				if (untagged === null) return null;
				skb = untagged;
				if (g.vlan_do_receive !== null) {
					skbp.skb = skb;
					if (g.vlan_do_receive(skbp)) {
						skb = skbp.skb;
						continue another_round;
					}
					if (skbp.skb === null) return null;
					skb = skbp.skb;
				}
				continue check_vlan_id;
			}
			__vlan_hwaccel_clear_tag(skb);
		}

		const type = skb.protocol;
		if (!deliver_exact)
			pt_prev = deliver_ptype_list_skb(skb, pt_prev, orig_dev, type, g.ptype_base[type & PTYPE_HASH_MASK]);
		if (orig_dev.ptype_specific.length !== 0)
			pt_prev = deliver_ptype_list_skb(skb, pt_prev, orig_dev, type, orig_dev.ptype_specific);
		dev = skb.dev!;
		if (dev !== orig_dev && dev.ptype_specific.length !== 0)
			pt_prev = deliver_ptype_list_skb(skb, pt_prev, orig_dev, type, dev.ptype_specific);

		skbp.skb = skb;
		if (pt_prev === null) {
			if (!deliver_exact) dev.rx_dropped++;
			else dev.rx_nohandler++;
			kfree_skb(skb);
		}
		return pt_prev;
	}
}

/**
 * Gives a packet to the taps of a list but the last one.
 * @returns the receiver that waits
 * @kernel PORT: the two list walks of __netif_receive_skb_core
 */
function deliver_taps(
	skb: sk_buff,
	list: readonly packet_type[],
	pt_prev: packet_type | null,
	orig_dev: net_device,
): packet_type | null {
	for (const ptype of list) {
		if (pt_prev !== null) deliver_skb(skb, pt_prev, orig_dev);
		pt_prev = ptype;
	}
	return pt_prev;
}

/**
 * Receives one packet and gives it to its protocol.
 * @kernel net/core/dev.c:5303 (v5.10)
 */
function __netif_receive_skb_one_core(skb: sk_buff, g: dev_globals): void {
	const orig_dev = skb.dev!;
	/* Receive does not nest but through rx handlers that call netif_receive_skb(): save the holder. */
	const skbp = g.skbp;
	const saved = skbp.skb;
	skbp.skb = skb;
	const pt_prev = __netif_receive_skb_core(skbp, g);
	const final = skbp.skb;
	skbp.skb = saved;
	if (pt_prev !== null && final !== null) pt_prev.func(final, final.dev!, pt_prev, orig_dev);
}

/**
 * Receives one packet.
 * @kernel net/core/dev.c:5405 (v5.10)
 */
function __netif_receive_skb(skb: sk_buff): void {
	__netif_receive_skb_one_core(skb, dev_state.of(skb.machine));
}

/**
 * Receives one packet in the present softirq.
 * @kernel net/core/dev.c:5508 (v5.10)
 */
function netif_receive_skb_internal(skb: sk_buff): number {
	__netif_receive_skb(skb);
	return NET_RX_SUCCESS;
}

/**
 * Receives one packet in the present softirq.
 * @returns NET_RX_SUCCESS
 * @kernel net/core/dev.c:5583 (v5.10)
 */
export function netif_receive_skb(skb: sk_buff): number {
	return netif_receive_skb_internal(skb);
}

/**
 * Frees the packets of a device that wait on the backlog.
 * @kernel net/core/dev.c:5624 (v5.10)
 */
function flush_backlog(dev: net_device): void {
	const q = dev.machine.softnet_data.input_pkt_queue;
	const kept = new sk_buff_head();
	for (let skb = __skb_dequeue(q); skb !== null; skb = __skb_dequeue(q))
		if (skb.dev === dev) kfree_skb(skb);
		else __skb_queue_tail(kept, skb);
	for (let skb = __skb_dequeue(kept); skb !== null; skb = __skb_dequeue(kept))
		__skb_queue_tail(q, skb);
}

/**
 * The receive softirq: takes packets off the backlog, each at the cost of a microsecond.
 * @returns packets taken
 * @kernel net/core/dev.c:6295 (v5.10)
 */
function process_backlog(m: Machine, quota: number): number {
	const g = dev_state.of(m);
	const sd = m.softnet_data;
	let work = 0;
	while (work < quota) {
		const skb = __skb_dequeue(sd.input_pkt_queue);
		if (skb === null) return work;
		m.set_clock(m.now_ns + PACKET_NS);
		__netif_receive_skb_one_core(skb, g);
		work++;
	}
	if (sd.input_pkt_queue.qlen !== 0) m.raise_softirq(NET_RX_SOFTIRQ);
	return work;
}

/**
 * Tells whether one device is somewhere above another.
 * @kernel net/core/dev.c:6903 (v5.10)
 */
export function netdev_has_upper_dev(dev: net_device, upper_dev: net_device): boolean {
	return dev.adj_upper.some((a) => a.dev === upper_dev || netdev_has_upper_dev(a.dev, upper_dev));
}

/**
 * Walks the devices above a device, all levels.
 * @kernel net/core/dev.c:6946 (v5.10)
 */
export function netdev_has_any_upper_dev(dev: net_device): boolean {
	return dev.adj_upper.length !== 0;
}

/**
 * The master above a device, or null.
 * @kernel net/core/dev.c:6961 (v5.10)
 */
export function netdev_master_upper_dev_get(dev: net_device): net_device | null {
	for (const adj of dev.adj_upper) if (adj.master) return adj.dev;
	return null;
}

/**
 * Calls a function for each device above a device, of all levels, until it answers something.
 * @param fn gets the device and what the caller passes on
 * @returns 0, or what the function answered
 * @kernel net/core/dev.c:7127 (v5.10)
 */
export function netdev_walk_all_upper_dev_rcu<T>(
	dev: net_device,
	fn: (udev: net_device, priv: T) => number,
	priv: T,
): number {
	for (const adj of dev.adj_upper) {
		const ret = fn(adj.dev, priv) || netdev_walk_all_upper_dev_rcu(adj.dev, fn, priv);
		if (ret !== 0) return ret;
	}
	return 0;
}

/**
 * The master above a device, or null.
 * @kernel net/core/dev.c:7551 (v5.10)
 */
export function netdev_master_upper_dev_get_rcu(dev: net_device): net_device | null {
	return netdev_master_upper_dev_get(dev);
}

/**
 * Levels of devices above or below.
 * @kernel PORT: dev->upper_level and lower_level, kept up to date in C
 */
function nest_level(dev: net_device, up: boolean): number {
	let level = 0;
	for (const a of up ? dev.adj_upper : dev.adj_lower)
		level = Math.max(level, 1 + nest_level(a.dev, up));
	return level;
}

/**
 * Links a device below another.
 * @returns 0, -EBUSY, -EEXIST, -EMLINK or a listener's errno
 * @kernel net/core/dev.c:7747 (v5.10)
 */
function __netdev_upper_dev_link(
	dev: net_device,
	upper_dev: net_device,
	master: boolean,
	upper_priv: unknown,
): number {
	if (dev === upper_dev) return -EBUSY;
	if (netdev_has_upper_dev(upper_dev, dev)) return -EBUSY;
	if (nest_level(dev, false) + nest_level(upper_dev, true) + 1 > MAX_NEST_DEV) return -EMLINK;
	if (!master) {
		if (netdev_has_upper_dev(dev, upper_dev)) return -EEXIST;
	} else {
		const master_dev = netdev_master_upper_dev_get(dev);
		if (master_dev !== null) return master_dev === upper_dev ? -EEXIST : -EBUSY;
	}
	const info = new netdev_notifier_changeupper_info(dev, upper_dev, master, true);
	let ret = notifier_to_errno(call_netdevice_notifiers_info(NETDEV_PRECHANGEUPPER, info));
	if (ret !== 0) return ret;
	dev.adj_upper.push(new netdev_adjacent(upper_dev, master, upper_priv));
	upper_dev.adj_lower.push(new netdev_adjacent(dev, master, upper_priv));
	dev_hold(upper_dev);
	dev_hold(dev);
	ret = notifier_to_errno(call_netdevice_notifiers_info(NETDEV_CHANGEUPPER, info));
	if (ret !== 0) netdev_upper_dev_unlink(dev, upper_dev);
	return ret;
}

/**
 * Links a device below another.
 * @returns 0 or a negative errno
 * @kernel net/core/dev.c:7830 (v5.10)
 */
export function netdev_upper_dev_link(
	dev: net_device,
	upper_dev: net_device,
	_extack: netlink_ext_ack | null,
): number {
	return __netdev_upper_dev_link(dev, upper_dev, false, null);
}

/**
 * Links a device below its master.
 * @param upper_priv what the master keeps for the link
 * @returns 0 or a negative errno
 * @kernel net/core/dev.c:7858 (v5.10)
 */
export function netdev_master_upper_dev_link(
	dev: net_device,
	upper_dev: net_device,
	upper_priv: unknown,
	_upper_info: unknown,
	_extack: netlink_ext_ack | null,
): number {
	return __netdev_upper_dev_link(dev, upper_dev, true, upper_priv);
}

/**
 * Ends a link between devices.
 * @kernel net/core/dev.c:7913 (v5.10)
 */
export function netdev_upper_dev_unlink(dev: net_device, upper_dev: net_device): void {
	const i = dev.adj_upper.findIndex((a) => a.dev === upper_dev);
	if (i < 0) return;
	const info = new netdev_notifier_changeupper_info(dev, upper_dev, dev.adj_upper[i].master, false);
	call_netdevice_notifiers_info(NETDEV_PRECHANGEUPPER, info);
	dev.adj_upper.splice(i, 1);
	const k = upper_dev.adj_lower.findIndex((a) => a.dev === dev);
	if (k >= 0) upper_dev.adj_lower.splice(k, 1);
	dev_put(upper_dev);
	dev_put(dev);
	call_netdevice_notifiers_info(NETDEV_CHANGEUPPER, info);
}

/**
 * Lets a driver follow a change of receive flags.
 * @kernel net/core/dev.c:8177 (v5.10)
 */
function dev_change_rx_flags(dev: net_device, flags: number): void {
	dev.netdev_ops.ndo_change_rx_flags?.(dev, flags);
}

/**
 * Counts promiscuity up or down.
 * @param inc +1 or -1
 * @returns 0 or -EOVERFLOW
 * @kernel net/core/dev.c:8185 (v5.10)
 */
function __dev_set_promiscuity(dev: net_device, inc: number, notify: boolean): number {
	const old_flags = dev.flags;
	dev.flags |= IFF_PROMISC;
	dev.promiscuity += inc;
	if (dev.promiscuity === 0) {
		if (inc < 0) {
			dev.flags &= ~IFF_PROMISC;
		} else {
			dev.promiscuity -= inc;
			return -EOVERFLOW;
		}
	}
	if (dev.flags !== old_flags) {
		dev.machine.printk(
			`device ${dev.name} ${(dev.flags & IFF_PROMISC) !== 0 ? 'entered' : 'left'} promiscuous mode`,
		);
		dev_change_rx_flags(dev, IFF_PROMISC);
	}
	if (notify) __dev_notify_flags(dev, old_flags);
	return 0;
}

/**
 * Counts promiscuity up or down.
 * @param inc +1 or -1
 * @returns 0 or -EOVERFLOW
 * @kernel net/core/dev.c:8244 (v5.10)
 */
export function dev_set_promiscuity(dev: net_device, inc: number): number {
	const old_flags = dev.flags;
	const err = __dev_set_promiscuity(dev, inc, true);
	if (err < 0) return err;
	if (dev.flags !== old_flags) dev_set_rx_mode(dev);
	return err;
}

/**
 * Counts all-multicast mode up or down.
 * @param inc +1 or -1
 * @returns 0 or -EOVERFLOW
 * @kernel net/core/dev.c:8258 (v5.10)
 */
function __dev_set_allmulti(dev: net_device, inc: number, notify: boolean): number {
	const old_flags = dev.flags;
	dev.flags |= IFF_ALLMULTI;
	dev.allmulti += inc;
	if (dev.allmulti === 0) {
		if (inc < 0) {
			dev.flags &= ~IFF_ALLMULTI;
		} else {
			dev.allmulti -= inc;
			return -EOVERFLOW;
		}
	}
	if (dev.flags !== old_flags) {
		dev_change_rx_flags(dev, IFF_ALLMULTI);
		dev_set_rx_mode(dev);
		if (notify) __dev_notify_flags(dev, old_flags);
	}
	return 0;
}

/**
 * Counts all-multicast mode up or down.
 * @param inc +1 or -1
 * @returns 0 or -EOVERFLOW
 * @kernel net/core/dev.c:8303 (v5.10)
 */
export function dev_set_allmulti(dev: net_device, inc: number): number {
	return __dev_set_allmulti(dev, inc, true);
}

/**
 * Tells whether a device has no extra unicast address.
 * @kernel include/linux/netdevice.h:235 (v5.10)
 */
function netdev_uc_empty(dev: net_device): boolean {
	return dev.uc === null || dev.uc.list.length === 0;
}

/**
 * Forgets all unicast addresses.
 * PORT: here because net/core/dev_addr_lists.ts leans on this file.
 * @kernel net/core/dev_addr_lists.c:717 (v5.10)
 */
function dev_uc_flush(dev: net_device): void {
	if (dev.uc !== null) dev.uc.list.length = 0;
}

/**
 * Forgets all multicast addresses.
 * PORT: here because net/core/dev_addr_lists.ts leans on this file.
 * @kernel net/core/dev_addr_lists.c:939 (v5.10)
 */
function dev_mc_flush(dev: net_device): void {
	if (dev.mc !== null) dev.mc.list.length = 0;
}

/**
 * Brings a driver's filters up to date with the device's addresses.
 * @kernel net/core/dev.c:8315 (v5.10)
 */
export function __dev_set_rx_mode(dev: net_device): void {
	if ((dev.flags & IFF_UP) === 0 || !netif_device_present(dev)) return;
	if ((dev.priv_flags & IFF_UNICAST_FLT) === 0) {
		if (!netdev_uc_empty(dev) && !dev.uc_promisc) {
			__dev_set_promiscuity(dev, 1, false);
			dev.uc_promisc = true;
		} else if (netdev_uc_empty(dev) && dev.uc_promisc) {
			__dev_set_promiscuity(dev, -1, false);
			dev.uc_promisc = false;
		}
	}
	dev.netdev_ops.ndo_set_rx_mode?.(dev);
}

/**
 * Brings a driver's filters up to date with the device's addresses.
 * @kernel net/core/dev.c:8343 (v5.10)
 */
export function dev_set_rx_mode(dev: net_device): void {
	__dev_set_rx_mode(dev);
}

/**
 * Flags of a device as the user sees them.
 * @kernel net/core/dev.c:8356 (v5.10)
 */
export function dev_get_flags(dev: net_device): number {
	let flags =
		(dev.flags & ~(IFF_PROMISC | IFF_ALLMULTI | IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT)) |
		(dev.gflags & (IFF_PROMISC | IFF_ALLMULTI));
	if (netif_running(dev)) {
		if (netif_oper_up(dev)) flags |= IFF_RUNNING;
		if (netif_carrier_ok(dev)) flags |= IFF_LOWER_UP;
	}
	return flags;
}

/**
 * Sets a device's flags.
 * @returns 0 or a negative errno
 * @kernel net/core/dev.c:8381 (v5.10)
 */
export function __dev_change_flags(
	dev: net_device,
	flags: number,
	extack: netlink_ext_ack | null,
): number {
	const old_flags = dev.flags;
	dev.flags =
		(flags &
			(IFF_DEBUG |
				IFF_NOTRAILERS |
				IFF_NOARP |
				IFF_DYNAMIC |
				IFF_MULTICAST |
				IFF_PORTSEL |
				IFF_AUTOMEDIA)) |
		(dev.flags & (IFF_UP | IFF_VOLATILE | IFF_PROMISC | IFF_ALLMULTI));
	if (((old_flags ^ flags) & IFF_MULTICAST) !== 0) dev_change_rx_flags(dev, IFF_MULTICAST);
	dev_set_rx_mode(dev);
	let ret = 0;
	if (((old_flags ^ flags) & IFF_UP) !== 0) {
		if ((old_flags & IFF_UP) !== 0) __dev_close_many([dev]);
		else ret = __dev_open(dev, extack);
	}
	if (((flags ^ dev.gflags) & IFF_PROMISC) !== 0) {
		const inc = (flags & IFF_PROMISC) !== 0 ? 1 : -1;
		const before = dev.flags;
		dev.gflags ^= IFF_PROMISC;
		if (__dev_set_promiscuity(dev, inc, false) >= 0 && dev.flags !== before) dev_set_rx_mode(dev);
	}
	if (((flags ^ dev.gflags) & IFF_ALLMULTI) !== 0) {
		dev.gflags ^= IFF_ALLMULTI;
		__dev_set_allmulti(dev, (flags & IFF_ALLMULTI) !== 0 ? 1 : -1, false);
	}
	return ret;
}

/**
 * Tells listeners what changed in a device's flags.
 * @kernel net/core/dev.c:8447 (v5.10)
 */
export function __dev_notify_flags(dev: net_device, old_flags: number): void {
	const changes = dev.flags ^ old_flags;
	if ((changes & IFF_UP) !== 0)
		call_netdevice_notifiers((dev.flags & IFF_UP) !== 0 ? NETDEV_UP : NETDEV_DOWN, dev);
	if (
		(dev.flags & IFF_UP) !== 0 &&
		(changes & ~(IFF_UP | IFF_PROMISC | IFF_ALLMULTI | IFF_VOLATILE)) !== 0
	)
		call_netdevice_notifiers_info(NETDEV_CHANGE, new netdev_notifier_change_info(dev, changes));
}

/**
 * Sets a device's flags and tells listeners.
 * @returns 0 or a negative errno
 * @kernel net/core/dev.c:8484 (v5.10)
 */
export function dev_change_flags(
	dev: net_device,
	flags: number,
	extack: netlink_ext_ack | null,
): number {
	const old_flags = dev.flags;
	const ret = __dev_change_flags(dev, flags, extack);
	if (ret < 0) return ret;
	__dev_notify_flags(dev, old_flags);
	return ret;
}

/**
 * Sets the MTU through the driver.
 * @returns 0 or a negative errno
 * @kernel net/core/dev.c:8500 (v5.10)
 */
export function __dev_set_mtu(dev: net_device, new_mtu: number): number {
	const fn = dev.netdev_ops.ndo_change_mtu;
	if (fn !== undefined) return fn(dev, new_mtu);
	dev.mtu = new_mtu;
	return 0;
}

/**
 * Checks an MTU against a device's limits.
 * @returns 0 or -EINVAL with a message
 * @kernel net/core/dev.c:8513 (v5.10)
 */
export function dev_validate_mtu(
	dev: net_device,
	new_mtu: number,
	extack: netlink_ext_ack | null,
): number {
	if (new_mtu < 0 || new_mtu < dev.min_mtu) {
		if (extack !== null) extack._msg = 'mtu less than device minimum';
		return -EINVAL;
	}
	if (dev.max_mtu > 0 && new_mtu > dev.max_mtu) {
		if (extack !== null) extack._msg = 'mtu greater than device maximum';
		return -EINVAL;
	}
	return 0;
}

/**
 * Sets a device's MTU and tells listeners.
 * @param new_mtu bytes
 * @returns 0 or a negative errno
 * @kernel net/core/dev.c:8537 (v5.10)
 */
export function dev_set_mtu_ext(
	dev: net_device,
	new_mtu: number,
	extack: netlink_ext_ack | null,
): number {
	if (new_mtu === dev.mtu) return 0;
	let err = dev_validate_mtu(dev, new_mtu, extack);
	if (err !== 0) return err;
	if (!netif_device_present(dev)) return -ENODEV;
	err = notifier_to_errno(call_netdevice_notifiers(NETDEV_PRECHANGEMTU, dev));
	if (err !== 0) return err;
	const orig_mtu = dev.mtu;
	err = __dev_set_mtu(dev, new_mtu);
	if (err !== 0) return err;
	err = notifier_to_errno(
		call_netdevice_notifiers_info(NETDEV_CHANGEMTU, new netdev_notifier_info_ext(dev, orig_mtu)),
	);
	if (err !== 0) {
		__dev_set_mtu(dev, orig_mtu);
		call_netdevice_notifiers_info(NETDEV_CHANGEMTU, new netdev_notifier_info_ext(dev, new_mtu));
	}
	return err;
}

/**
 * Sets a device's MTU and tells listeners.
 * @param new_mtu bytes
 * @returns 0 or a negative errno
 * @kernel net/core/dev.c:8576 (v5.10)
 */
export function dev_set_mtu(dev: net_device, new_mtu: number): number {
	return dev_set_mtu_ext(dev, new_mtu, null);
}

/**
 * Asks listeners whether an address may be set.
 * @returns 0 or a negative errno
 * @kernel net/core/dev.c:8638 (v5.10)
 */
export function dev_pre_changeaddr_notify(dev: net_device, addr: Uint8Array): number {
	return notifier_to_errno(
		call_netdevice_notifiers_info(
			NETDEV_PRE_CHANGEADDR,
			new netdev_notifier_pre_changeaddr_info(dev, addr),
		),
	);
}

/**
 * Sets a device's address and tells listeners.
 * @param addr 6 bytes
 * @returns 0, -EOPNOTSUPP, -ENODEV or a negative errno
 * @kernel net/core/dev.c:8661 (v5.10)
 */
export function dev_set_mac_address(dev: net_device, addr: Uint8Array): number {
	const fn = dev.netdev_ops.ndo_set_mac_address;
	if (fn === undefined) return -EOPNOTSUPP;
	if (!netif_device_present(dev)) return -ENODEV;
	let err = dev_pre_changeaddr_notify(dev, addr);
	if (err !== 0) return err;
	err = fn(dev, addr);
	if (err !== 0) return err;
	dev.addr_assign_type = 3;
	call_netdevice_notifiers(NETDEV_CHANGEADDR, dev);
	return 0;
}

/**
 * Gives out the next interface index of a namespace.
 * @kernel net/core/dev.c:9363 (v5.10)
 */
function dev_new_index(net: net): number {
	let ifindex = net.ifindex;
	for (;;) {
		if (++ifindex <= 0) ifindex = 1;
		if (!net.dev_index_head.has(ifindex)) return (net.ifindex = ifindex);
	}
}

/**
 * Takes devices out of the system.
 * @kernel net/core/dev.c:9385 (v5.10)
 */
function rollback_registered_many(head: net_device[]): void {
	const devs = head.filter((dev) => dev.reg_state === NETREG_REGISTERED);
	for (const dev of devs) dev.dismantle = true;
	dev_close_many(devs);
	for (const dev of devs) {
		unlist_netdevice(dev);
		dev.reg_state = NETREG_UNREGISTERING;
		flush_backlog(dev);
	}
	for (const dev of devs) {
		call_netdevice_notifiers(NETDEV_UNREGISTER, dev);
		dev_uc_flush(dev);
		dev_mc_flush(dev);
		dev.netdev_ops.ndo_uninit?.(dev);
		if (dev.adj_upper.length !== 0 || dev.adj_lower.length !== 0)
			dev.machine.record('WARN', 'rollback_registered_many', `${dev.name} still has links`);
	}
	/* netdev_run_todo: when references are gone, which is after the grace period here. */
	for (const dev of devs) {
		dev.reg_state = NETREG_UNREGISTERED;
		dev.machine.call_rcu(() => {
			dev.priv_destructor?.(dev);
		});
	}
}

/**
 * Turns off on a lower device what an upper one has turned off.
 * @kernel net/core/dev.c:9505 (v5.10)
 */
function netdev_sync_lower_features(upper: net_device, lower: net_device, features: number): void {
	const feature = NETIF_F_UPPER_DISABLES;
	if ((features & feature) === 0 && (lower.features & feature) !== 0) {
		lower.wanted_features &= ~feature;
		__netdev_update_features(lower);
		if ((lower.features & feature) !== 0)
			upper.machine.printk(`${upper.name}: failed to disable features on ${lower.name}!`);
		else netdev_features_change(lower);
	}
}

/**
 * Takes features away that need others that are missing.
 * @kernel net/core/dev.c:9529 (v5.10)
 */
function netdev_fix_features(dev: net_device, features: number): number {
	if (
		(features & NETIF_F_HW_CSUM) !== 0 &&
		(features & (NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM)) !== 0
	)
		features &= ~(NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM);
	if ((features & NETIF_F_ALL_TSO) !== 0 && (features & NETIF_F_SG) === 0)
		features &= ~NETIF_F_ALL_TSO;
	if ((features & NETIF_F_TSO) !== 0 && (features & (NETIF_F_HW_CSUM | NETIF_F_IP_CSUM)) === 0)
		features &= ~(NETIF_F_TSO | NETIF_F_TSO_ECN);
	if ((features & NETIF_F_TSO6) !== 0 && (features & (NETIF_F_HW_CSUM | NETIF_F_IPV6_CSUM)) === 0)
		features &= ~NETIF_F_TSO6;
	if ((features & NETIF_F_TSO_MANGLEID) !== 0 && (features & NETIF_F_TSO) === 0)
		features &= ~NETIF_F_TSO_MANGLEID;
	if ((features & NETIF_F_ALL_TSO) === NETIF_F_TSO_ECN) features &= ~NETIF_F_TSO_ECN;
	if ((features & NETIF_F_GSO) !== 0 && (features & NETIF_F_SG) === 0) features &= ~NETIF_F_GSO;
	return features & ~dev.gso_partial_features;
}

/**
 * Computes a device's features anew.
 * @returns 1 when they changed, 0 when not, -1 when the driver refused
 * @kernel net/core/dev.c:9613 (v5.10)
 */
export function __netdev_update_features(dev: net_device): number {
	let features = (dev.features & ~dev.hw_features) | dev.wanted_features;
	const ops = dev.netdev_ops;
	if (ops.ndo_fix_features !== undefined) features = ops.ndo_fix_features(dev, features);
	features = netdev_fix_features(dev, features);
	for (const { dev: upper } of dev.adj_upper)
		if ((upper.wanted_features & NETIF_F_UPPER_DISABLES) === 0)
			features &= ~NETIF_F_UPPER_DISABLES;
	let changed = 0;
	if (dev.features !== features) {
		if (ops.ndo_set_features !== undefined && ops.ndo_set_features(dev, features) < 0) return -1;
		changed = 1;
	}
	for (const { dev: lower } of dev.adj_lower.slice())
		netdev_sync_lower_features(dev, lower, features);
	if (changed !== 0) dev.features = features;
	return changed;
}

/**
 * Computes a device's features anew and tells listeners of a change.
 * @kernel net/core/dev.c:9713 (v5.10)
 */
export function netdev_update_features(dev: net_device): void {
	if (__netdev_update_features(dev) !== 0) netdev_features_change(dev);
}

/**
 * Takes over link state from the device below.
 * @param set_carrier applies the carrier, net/sched/sch_generic.ts
 * @kernel net/core/dev.c:9746 (v5.10)
 */
export function netif_stacked_transfer_operstate(
	rootdev: net_device,
	dev: net_device,
	set_carrier: (dev: net_device, on: boolean) => void,
): void {
	set_carrier(dev, netif_carrier_ok(rootdev));
}

/**
 * Brings a device into the system.
 * @returns 0 or a negative errno
 * @kernel net/core/dev.c:9883 (v5.10)
 */
export function register_netdevice(dev: net_device): number {
	const net = dev.nd_net;
	if (dev.reg_state !== NETREG_UNINITIALIZED) {
		dev.machine.record('BUG', 'register_netdevice', `${dev.name} is registered`);
		return -EINVAL;
	}
	let ret = dev_get_valid_name(net, dev, dev.name);
	if (ret < 0) return ret;
	if (dev.netdev_ops.ndo_init !== undefined) {
		ret = dev.netdev_ops.ndo_init(dev);
		if (ret !== 0) return ret > 0 ? -EIO : ret;
	}
	err_uninit: {
		ret = -EBUSY;
		if (dev.ifindex === 0) dev.ifindex = dev_new_index(net);
		else if (__dev_get_by_index(net, dev.ifindex) !== null) break err_uninit;
		dev.hw_features |= NETIF_F_SOFT_FEATURES;
		dev.features |= NETIF_F_SOFT_FEATURES;
		dev.wanted_features = dev.features & dev.hw_features;
		if ((dev.flags & IFF_LOOPBACK) === 0) dev.hw_features |= NETIF_F_NOCACHE_COPY;
		if ((dev.hw_features & NETIF_F_TSO) !== 0) dev.hw_features |= NETIF_F_TSO_MANGLEID;
		if ((dev.vlan_features & NETIF_F_TSO) !== 0) dev.vlan_features |= NETIF_F_TSO_MANGLEID;
		if ((dev.hw_enc_features & NETIF_F_TSO) !== 0) dev.hw_enc_features |= NETIF_F_TSO_MANGLEID;
		dev.vlan_features |= NETIF_F_HIGHDMA;
		dev.hw_enc_features |= NETIF_F_SG;
		ret = notifier_to_errno(call_netdevice_notifiers(NETDEV_POST_INIT, dev));
		if (ret !== 0) break err_uninit;
		dev.reg_state = NETREG_REGISTERED;
		__netdev_update_features(dev);
		dev.state |= 1 << __LINK_STATE_PRESENT;
		list_netdevice(dev);
		if (dev.addr_assign_type === NET_ADDR_PERM) dev.perm_addr.set(dev.dev_addr);
		ret = notifier_to_errno(call_netdevice_notifiers(NETDEV_REGISTER, dev));
		if (ret !== 0) {
			rollback_registered_many([dev]);
			return ret;
		}
		return 0;
	}
	dev.netdev_ops.ndo_uninit?.(dev);
	dev.priv_destructor?.(dev);
	return ret;
}

/**
 * Counters of a device: the driver's, plus what the core dropped.
 * @kernel net/core/dev.c:10321 (v5.10)
 */
export function dev_get_stats(dev: net_device, storage: rtnl_link_stats64): rtnl_link_stats64 {
	const fn = dev.netdev_ops.ndo_get_stats64;
	if (fn !== undefined) fn(dev, storage);
	else Object.assign(storage, dev.stats);
	storage.rx_dropped += dev.rx_dropped;
	storage.tx_dropped += dev.tx_dropped;
	storage.rx_nohandler += dev.rx_nohandler;
	return storage;
}

/**
 * Makes a device that is not registered yet.
 * @param name a name or a template with `%d`
 * @param name_assign_type NET_NAME_*
 * @param ops the driver's operations; setup may replace them
 * @param setup fills what the driver's kind fixes
 * @param priv the driver's private part
 * @kernel PORT: the macro alloc_netdev and alloc_netdev_mqs with one queue, net/core/dev.c:10423
 */
export function alloc_netdev(
	net: net,
	name: string,
	name_assign_type: number,
	ops: net_device_ops,
	setup: (dev: net_device) => void,
	priv: unknown,
): net_device {
	const dev = new net_device(net, name, ops);
	dev.priv = priv;
	dev.name_assign_type = name_assign_type;
	dev.priv_flags = IFF_XMIT_DST_RELEASE | IFF_XMIT_DST_RELEASE_PERM;
	setup(dev);
	if (dev.tx_queue_len === 0) {
		dev.priv_flags |= IFF_NO_QUEUE;
		dev.tx_queue_len = 1000;
	}
	return dev;
}

/**
 * Keeps the destination on packets that the device sends.
 * @kernel include/linux/netdevice.h:4974 (v5.10)
 */
export function netif_keep_dst(dev: net_device): void {
	dev.priv_flags &= ~(IFF_XMIT_DST_RELEASE | IFF_XMIT_DST_RELEASE_PERM);
}

/**
 * Takes a device out of the system, or onto a list to do so together.
 * @param head list for unregister_netdevice_many(), null for at once
 * @kernel net/core/dev.c:10606 (v5.10)
 */
export function unregister_netdevice_queue(dev: net_device, head: net_device[] | null): void {
	if (head !== null) {
		if (!head.includes(dev)) head.push(dev);
	} else {
		rollback_registered_many([dev]);
	}
}

/**
 * Takes a device out of the system.
 * @kernel include/linux/netdevice.h:2834 (v5.10)
 */
export function unregister_netdevice(dev: net_device): void {
	unregister_netdevice_queue(dev, null);
}

/**
 * Takes devices out of the system together.
 * @kernel net/core/dev.c:10627 (v5.10)
 */
export function unregister_netdevice_many(head: net_device[]): void {
	rollback_registered_many(head);
	head.length = 0;
}

/**
 * Moves a device to another namespace.
 * @param pat name template when its name is taken there, or null
 * @returns 0, -EINVAL for devices bound to their namespace, -EEXIST
 * @kernel net/core/dev.c:10673 (v5.10)
 */
export function dev_change_net_namespace(dev: net_device, net: net, pat: string | null): number {
	if ((dev.features & NETIF_F_NETNS_LOCAL) !== 0) return -EINVAL;
	if (dev.reg_state !== NETREG_REGISTERED) return -EINVAL;
	const net_old = dev.nd_net;
	if (net_old === net) return 0;
	let newname: string | null = null;
	if (__dev_get_by_name(net, dev.name) !== null) {
		/* PORT: dev_get_valid_name() by parts: the old name is still a key of the old namespace. */
		if (pat === null || net.dev_name_head.has(pat)) return -EEXIST;
		const r = __dev_alloc_name(net, pat);
		if (typeof r === 'number') return r;
		newname = r;
	}
	dev_close(dev);
	unlist_netdevice(dev);
	flush_backlog(dev);
	call_netdevice_notifiers(NETDEV_UNREGISTER, dev);
	if (newname !== null) dev.name = newname;
	const new_ifindex = __dev_get_by_index(net, dev.ifindex) !== null ? dev_new_index(net) : dev.ifindex;
	/* dev_shutdown() */
	dev.qdisc_attached = dev.qdisc_active = false;
	dev_uc_flush(dev);
	dev_mc_flush(dev);
	dev.nd_net = net;
	dev.ifindex = new_ifindex;
	list_netdevice(dev);
	call_netdevice_notifiers(NETDEV_REGISTER, dev);
	return 0;
}

/**
 * Features of a device that stands on several: those that all have, and those that one suffices for.
 * @param all features so far
 * @param one features of the next lower device
 * @param mask features to decide about
 * @kernel net/core/dev.c:10868 (v5.10)
 */
export function netdev_increment_features(all: number, one: number, mask: number): number {
	if ((mask & NETIF_F_HW_CSUM) !== 0) mask |= NETIF_F_CSUM_MASK;
	all |= one & (NETIF_F_ONE_FOR_ALL | NETIF_F_CSUM_MASK) & mask;
	all &= one | ~NETIF_F_NOCACHE_COPY;
	if ((all & NETIF_F_HW_CSUM) !== 0) all &= ~(NETIF_F_CSUM_MASK & ~NETIF_F_HW_CSUM);
	return all;
}

/**
 * Ends all devices of a namespace that goes away: virtual ones are destroyed, others go home.
 * @kernel net/core/dev.c:11022 (v5.10)
 */
export function default_device_exit(net: net): void {
	for (const dev of net.dev_base_head.slice().reverse()) {
		if (dev.reg_state !== NETREG_REGISTERED) continue;
		if (dev === net.loopback_dev) continue;
		const ops = dev.rtnl_link_ops;
		if (ops?.dellink !== undefined) {
			const list: net_device[] = [];
			ops.dellink(dev, list);
			unregister_netdevice_many(list);
		} else {
			unregister_netdevice(dev);
		}
	}
}

/**
 * Starts the device layer of a machine.
 * @returns 0
 * @kernel net/core/dev.c:11135 (v5.10)
 */
export function net_dev_init(m: Machine): number {
	m.open_softirq(NET_RX_SOFTIRQ, () => {
		process_backlog(m, NETDEV_BUDGET);
	});
	return 0;
}
