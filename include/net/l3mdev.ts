/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/l3mdev.h, base v5.10: devices that stand for a routing table of their own (VRF).
 *
 * PORT: the master is looked up in the device's list of uppers, the device in the namespace's map, so that
 * the functions of net/l3mdev/l3mdev.c, which need nothing else, stand here too.
 */
import {
	netif_is_l3_master,
	netif_is_l3_slave,
	type net_device,
} from '../linux/netdevice.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import { AF_INET, AF_INET6 } from '../linux/socket.ts';
import type { u32 } from '../linux/types.ts';
import type { dst_entry } from './dst.ts';
import { FLOWI_FLAG_SKIP_NH_OIF, type flowi, type flowi6 } from './flow.ts';
import type { fib_lookup_arg } from './fib_rules.ts';
import type { net } from './net_namespace.ts';
import type { sock } from './sock.ts';

/** What a VRF device does. */
export interface l3mdev_ops {
	/** Number of its routing table. */
	l3mdev_fib_table?: (dev: net_device) => u32;
	/** A packet came in through a port; null when it was taken. */
	l3mdev_l3_rcv?: (dev: net_device, skb: sk_buff, proto: number) => sk_buff | null;
	/** A packet goes out through a port; null when it was taken. */
	l3mdev_l3_out?: (
		dev: net_device,
		sk: sock | null,
		skb: sk_buff,
		proto: number,
	) => sk_buff | null;
	l3mdev_link_scope_lookup?: (dev: net_device, fl6: flowi6) => dst_entry | null;
}

/**
 * Interface index of a device's VRF.
 * @returns 0 when it belongs to none
 * @kernel include/net/l3mdev.h:65 (v5.10)
 */
export function l3mdev_master_ifindex(dev: net_device | null): number {
	return l3mdev_master_ifindex_rcu(dev);
}

/**
 * VRF of the device with an index.
 * @returns its interface index, 0 for none
 * @kernel include/net/l3mdev.h:76 (v5.10)
 */
export function l3mdev_master_ifindex_by_index(net: net, ifindex: number): number {
	if (ifindex === 0) return 0;
	return l3mdev_master_ifindex_rcu(net.dev_index_head.get(ifindex) ?? null);
}

/**
 * VRF of a device: itself or its master.
 * @returns null when it belongs to none
 * @kernel include/net/l3mdev.h:95 (v5.10)
 */
export function l3mdev_master_dev_rcu(dev: net_device | null): net_device | null {
	if (dev === null) return null;
	if (netif_is_l3_master(dev)) return dev;
	if (netif_is_l3_slave(dev)) {
		const upper = dev.adj_upper;
		for (let i = 0; i < upper.length; i++) if (upper[i].master) return upper[i].dev;
	}
	return null;
}

/**
 * Routing table of a device's VRF.
 * @returns 0 when it belongs to none
 * @kernel PORT: net/l3mdev/l3mdev.c, 162
 */
export function l3mdev_fib_table_rcu(dev: net_device | null): u32 {
	const master = l3mdev_master_dev_rcu(dev);
	return master?.l3mdev_ops?.l3mdev_fib_table?.(master) ?? 0;
}

/**
 * Routing table of a device's VRF.
 * @returns 0 when it belongs to none
 * @kernel include/net/l3mdev.h:132 (v5.10)
 */
export function l3mdev_fib_table(dev: net_device | null): u32 {
	return l3mdev_fib_table_rcu(dev);
}

/**
 * Tells whether an index is that of a VRF.
 * @kernel include/net/l3mdev.h:143 (v5.10)
 */
export function netif_index_is_l3_master(net: net, ifindex: number): boolean {
	if (ifindex === 0) return false;
	const dev = net.dev_index_head.get(ifindex);
	return dev !== undefined && netif_is_l3_master(dev);
}

/**
 * Lets the VRF of the receiving device see a packet.
 * @returns the packet, or null when it was taken
 * @kernel include/net/l3mdev.h:165 (v5.10)
 */
export function l3mdev_l3_rcv(skb: sk_buff, proto: number): sk_buff | null {
	const master = l3mdev_master_dev_rcu(skb.dev);
	if (master?.l3mdev_ops?.l3mdev_l3_rcv === undefined) return skb;
	return master.l3mdev_ops.l3mdev_l3_rcv(master, skb, proto);
}

/**
 * The same for IPv4.
 * @kernel include/net/l3mdev.h:182 (v5.10)
 */
export function l3mdev_ip_rcv(skb: sk_buff): sk_buff | null {
	return l3mdev_l3_rcv(skb, AF_INET);
}

/**
 * The same for IPv6.
 * @kernel include/net/l3mdev.h:188 (v5.10)
 */
export function l3mdev_ip6_rcv(skb: sk_buff): sk_buff | null {
	return l3mdev_l3_rcv(skb, AF_INET6);
}

/**
 * Lets the VRF of the sending device see a packet.
 * @returns the packet, or null when it was taken
 * @kernel include/net/l3mdev.h:194 (v5.10)
 */
export function l3mdev_l3_out(sk: sock | null, skb: sk_buff, proto: number): sk_buff | null {
	const dev = skb._dst!.dev!;
	if (!netif_is_l3_slave(dev)) return skb;
	const master = l3mdev_master_dev_rcu(dev);
	if (master?.l3mdev_ops?.l3mdev_l3_out === undefined) return skb;
	return master.l3mdev_ops.l3mdev_l3_out(master, sk, skb, proto);
}

/**
 * The same for IPv4.
 * @kernel include/net/l3mdev.h:211 (v5.10)
 */
export function l3mdev_ip_out(sk: sock | null, skb: sk_buff): sk_buff | null {
	return l3mdev_l3_out(sk, skb, AF_INET);
}

/**
 * The same for IPv6.
 * @kernel include/net/l3mdev.h:217 (v5.10)
 */
export function l3mdev_ip6_out(sk: sock | null, skb: sk_buff): sk_buff | null {
	return l3mdev_l3_out(sk, skb, AF_INET6);
}

/**
 * Interface index of a device's VRF.
 * @returns 0 when it belongs to none
 * @kernel include/net/l3mdev.h:223 (v5.10)
 */
export function l3mdev_master_ifindex_rcu(dev: net_device | null): number {
	return l3mdev_master_dev_rcu(dev)?.ifindex ?? 0;
}

/**
 * Table of a VRF's device index.
 * @returns 0 when it is none
 * @kernel PORT: net/l3mdev/l3mdev.c, 178
 */
export function l3mdev_fib_table_by_index(net: net, ifindex: number): u32 {
	return l3mdev_fib_table_rcu(net.dev_index_head.get(ifindex) ?? null);
}

/**
 * VRF above the master of the device with an index.
 * @returns its interface index, 0 for none
 * @kernel PORT: net/l3mdev/l3mdev.c, l3mdev_master_upper_ifindex_by_index_rcu
 */
export function l3mdev_master_upper_ifindex_by_index(net: net, ifindex: number): number {
	let dev = net.dev_index_head.get(ifindex) ?? null;
	while (dev !== null && !netif_is_l3_master(dev)) {
		let upper: net_device | null = null;
		for (const a of dev.adj_upper) if (a.master) upper = a.dev;
		dev = upper;
	}
	return dev?.ifindex ?? 0;
}

/**
 * Tells whether a flow comes from or goes to a VRF, and which table that means.
 * @param arg its table is set when the answer is yes
 * @kernel PORT: net/l3mdev/l3mdev.c, l3mdev_fib_rule_match
 */
export function l3mdev_fib_rule_match(net: net, fl: flowi, arg: fib_lookup_arg): boolean {
	let dev = net.dev_index_head.get(fl.flowi_oif);
	if (dev === undefined || !netif_is_l3_master(dev)) dev = net.dev_index_head.get(fl.flowi_iif);
	if (dev === undefined || !netif_is_l3_master(dev)) return false;
	const table = dev.l3mdev_ops?.l3mdev_fib_table;
	if (table === undefined) return false;
	arg.table = table(dev);
	return true;
}

/**
 * Turns a device in a flow into the VRF it is a port of.
 * @kernel PORT: net/l3mdev/l3mdev.c, l3mdev_update_flow
 */
export function l3mdev_update_flow(net: net, fl: flowi): void {
	if (fl.flowi_oif !== 0) {
		const ifindex = l3mdev_master_ifindex_by_index(net, fl.flowi_oif);
		if (ifindex !== 0) {
			fl.flowi_oif = ifindex;
			fl.flowi_flags |= FLOWI_FLAG_SKIP_NH_OIF;
			return;
		}
	}
	if (fl.flowi_iif !== 0) {
		const ifindex = l3mdev_master_ifindex_by_index(net, fl.flowi_iif);
		if (ifindex !== 0) {
			fl.flowi_iif = ifindex;
			fl.flowi_flags |= FLOWI_FLAG_SKIP_NH_OIF;
		}
	}
}
