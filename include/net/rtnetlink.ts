/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/rtnetlink.h with include/linux/rtnetlink.h, base v5.10: who answers which message, and what a kind of
 * link is.
 *
 * PORT: a request is a function call; see net/core/rtnetlink.ts for the two entries. A dump gives a list. Sizes
 * of messages and private parts are not needed; `alloc_priv` makes the private part.
 * Not ported: policies (each handler checks the values it reads), extended statistics.
 */
import type { net_device } from '../linux/netdevice.ts';
import type { netlink_ext_ack } from '../linux/netlink.ts';
import type { net } from './net_namespace.ts';
import type { nlattrs, nlmsg } from './netlink.ts';

/**
 * Handles a request.
 * @param reply messages that go back to the asker (GET)
 * @returns 0 or a negative errno
 */
export type rtnl_doit_func = (
	net: net,
	nlh: nlmsg,
	extack: netlink_ext_ack | null,
	reply: nlmsg[],
) => number;

/**
 * Answers a dump.
 * @param out takes the messages
 * @returns 0 or a negative errno
 */
export type rtnl_dumpit_func = (
	net: net,
	nlh: nlmsg,
	out: nlmsg[],
	extack: netlink_ext_ack | null,
) => number;

/** A kind of link: veth, bridge, vlan, dummy, vrf. */
export interface rtnl_link_ops {
	kind: string;
	/** Makes dev.priv; absent when the kind has none. */
	alloc_priv?: () => object;
	setup: (dev: net_device) => void;
	validate?: (
		tb: nlattrs,
		data: nlattrs | null,
		extack: netlink_ext_ack | null,
	) => number;
	/** Registers the device; absent: register_netdevice(). */
	newlink?: (
		src_net: net,
		dev: net_device,
		tb: nlattrs,
		data: nlattrs | null,
		extack: netlink_ext_ack | null,
	) => number;
	changelink?: (
		dev: net_device,
		tb: nlattrs,
		data: nlattrs | null,
		extack: netlink_ext_ack | null,
	) => number;
	/** Unregisters, or appends to head what is to be unregistered together. */
	dellink?: (dev: net_device, head: net_device[]) => void;
	/** IFLA_INFO_DATA; absent or null: none. */
	fill_info?: (dev: net_device) => nlattrs | null;
	slave_changelink?: (
		dev: net_device,
		slave_dev: net_device,
		tb: nlattrs,
		data: nlattrs | null,
		extack: netlink_ext_ack | null,
	) => number;
	/** IFLA_INFO_SLAVE_DATA; absent or null: none. */
	fill_slave_info?: (dev: net_device, slave_dev: net_device) => nlattrs | null;
	/** Namespace of the other end. */
	get_link_net?: (dev: net_device) => net;
}

/** What an address family adds to a link: IFLA_AF_SPEC. */
export interface rtnl_af_ops {
	family: number;
	/** Nest for the family, null for nothing to say. */
	fill_link_af?: (dev: net_device, ext_filter_mask: number) => nlattrs | null;
	validate_link_af?: (dev: net_device | null, attr: nlattrs) => number;
	set_link_af?: (dev: net_device, attr: nlattrs) => number;
}
