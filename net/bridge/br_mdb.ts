// SPDX-License-Identifier: GPL-2.0
/*
 * net/bridge/br_mdb.c, base v5.10: groups of bridges through rtnetlink: lists, users' entries, announcements.
 *
 * PORT: br_multicast.ts announces through br_mdb_ops. Values of messages: include/uapi/linux/if_bridge.ts.
 * Not ported: switchdev, sizes of messages; a dump is never cut in two.
 */
import { br_ip } from '../../include/linux/if_bridge.ts';
import { ipv4_is_local_multicast, ipv4_is_multicast } from '../../include/linux/in.ts';
import { htonl } from '../../include/linux/byteorder/generic.ts';
import { hlist_empty } from '../../include/linux/list.ts';
import { HZ, type Machine } from '../../include/linux/machine.ts';
import { type net_device, netif_is_bridge_master, netif_running } from '../../include/linux/netdevice.ts';
import { AF_BRIDGE, PF_BRIDGE } from '../../include/linux/socket.ts';
import { mod_timer, type timer_list, timer_pending } from '../../include/linux/timer.ts';
import { ipv6_addr_is_ll_all_nodes } from '../../include/net/addrconf.ts';
import { ipv6_addr_is_multicast } from '../../include/net/ipv6.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { netlink_ext_ack, nlattr_value, nlattrs, nlmsg } from '../../include/net/netlink.ts';
import { VLAN_VID_MASK } from '../../include/linux/if_vlan.ts';
import { EEXIST, EINVAL, ENODEV, ENOMEM, EOPNOTSUPP } from '../../include/uapi/linux/errno.ts';
import {
	BR_MDB_ENTRY_addr,
	BR_MDB_ENTRY_flags,
	BR_MDB_ENTRY_ifindex,
	BR_MDB_ENTRY_proto,
	BR_MDB_ENTRY_state,
	BR_MDB_ENTRY_vid,
	br_port_msg,
	BR_STATE_DISABLED,
	MDB_FLAGS_BLOCKED,
	MDB_FLAGS_FAST_LEAVE,
	MDB_FLAGS_OFFLOAD,
	MDB_FLAGS_STAR_EXCL,
	MDB_PERMANENT,
	MDB_TEMPORARY,
	MDBA_MDB,
	MDBA_MDB_EATTR_GROUP_MODE,
	MDBA_MDB_EATTR_RTPROT,
	MDBA_MDB_EATTR_SOURCE,
	MDBA_MDB_EATTR_SRC_LIST,
	MDBA_MDB_EATTR_TIMER,
	MDBA_MDB_EATTR_UNSPEC,
	MDBA_MDB_ENTRY_INFO,
	MDBA_MDB_SRCATTR_ADDRESS,
	MDBA_MDB_SRCATTR_TIMER,
	MDBA_ROUTER,
	MDBA_ROUTER_PATTR_TIMER,
	MDBA_ROUTER_PATTR_TYPE,
	MDBA_ROUTER_PATTR_UNSPEC,
	MDBA_SET_ENTRY,
	MDBA_SET_ENTRY_ATTRS,
	MDBE_ATTR_SOURCE,
} from '../../include/uapi/linux/if_bridge.ts';
import { ETH_P_IP, ETH_P_IPV6 } from '../../include/uapi/linux/if_ether.ts';
import {
	RTM_DELMDB,
	RTM_GETMDB,
	RTM_NEWMDB,
	RTNLGRP_MDB,
	RTPROT_STATIC,
} from '../../include/uapi/linux/rtnetlink.ts';
import { __dev_get_by_index } from '../core/dev.ts';
import { rtnl_notify, rtnl_register } from '../core/rtnetlink.ts';
import {
	br_mdb_ip_get,
	br_multicast_del_pg,
	br_multicast_host_join,
	br_multicast_host_leave,
	br_multicast_new_group,
	br_multicast_new_port_group,
	br_multicast_sg_add_exclude_ports,
	br_multicast_star_g_handle_mode,
} from './br_multicast.ts';
import {
	br_mdb_ops,
	br_multicast_is_star_g,
	br_multicast_should_handle_mode,
	br_port_get_rtnl,
	br_priv,
	MCAST_EXCLUDE,
	MCAST_INCLUDE,
	MDB_PG_FLAGS_BLOCKED,
	MDB_PG_FLAGS_FAST_LEAVE,
	MDB_PG_FLAGS_OFFLOAD,
	MDB_PG_FLAGS_PERMANENT,
	MDB_PG_FLAGS_STAR_EXCL,
	type net_bridge,
	type net_bridge_mdb_entry,
	type net_bridge_port,
	type net_bridge_port_group,
	type net_bridge_vlan_group,
} from './br_private.ts';

/** struct br_mdb_entry of a request, with the source that may come beside it. */
class br_mdb_entry {
	ifindex = 0;
	/** MDB_TEMPORARY or MDB_PERMANENT */
	state = 0;
	vid = 0;
	/** Number of IPv4, 16 bytes of IPv6. */
	addr: nlattr_value = 0;
	/** Ethertype. */
	proto = 0;
	source: nlattr_value | null = null;
}

/**
 * Says why a request is refused.
 * @kernel PORT: NL_SET_ERR_MSG_MOD
 */
function set_err(extack: netlink_ext_ack | null, text: string): void {
	if (extack !== null) extack._msg = `bridge: ${text}`;
}

/**
 * Time that a timer has left.
 * @returns hundredths of a second, 0 when it is not running
 * @kernel PORT: net/bridge/br_stp_timer.c:157 br_timer_value
 */
function br_timer_value(timer: timer_list): number {
	if (!timer_pending(timer)) return 0;
	return Math.max(0, Math.floor(((timer.expires - timer.machine.jiffies) * 100) / HZ));
}

/**
 * Adds the ports with routers.
 * @kernel net/bridge/br_mdb.c:19 (v5.10)
 */
function br_rports_fill_info(tb: nlattrs, dev: net_device): void {
	const br = br_priv(dev);
	if (br.multicast_router === 0 || hlist_empty(br.router_list)) return;

	const nest: nlattrs[] = [];
	for (let n = br.router_list.first; n !== null; n = n.next) {
		const p = n.item;
		nest.push(
			new Map<number, nlattr_value>([
				[MDBA_ROUTER_PATTR_UNSPEC, p.dev.ifindex],
				[MDBA_ROUTER_PATTR_TIMER, br_timer_value(p.multicast_router_timer)],
				[MDBA_ROUTER_PATTR_TYPE, p.multicast_router],
			]),
		);
	}
	tb.set(MDBA_ROUTER, nest);
}

/**
 * Adds state and flags of an entry.
 * @param flags MDB_PG_FLAGS_*
 * @kernel net/bridge/br_mdb.c:57 (v5.10)
 */
function __mdb_entry_fill_flags(e: nlattrs, flags: number): void {
	let f = 0;
	if ((flags & MDB_PG_FLAGS_OFFLOAD) !== 0) f |= MDB_FLAGS_OFFLOAD;
	if ((flags & MDB_PG_FLAGS_FAST_LEAVE) !== 0) f |= MDB_FLAGS_FAST_LEAVE;
	if ((flags & MDB_PG_FLAGS_STAR_EXCL) !== 0) f |= MDB_FLAGS_STAR_EXCL;
	if ((flags & MDB_PG_FLAGS_BLOCKED) !== 0) f |= MDB_FLAGS_BLOCKED;
	e.set(BR_MDB_ENTRY_state, flags & MDB_PG_FLAGS_PERMANENT);
	e.set(BR_MDB_ENTRY_flags, f);
}

/**
 * Key of a requested entry.
 * @kernel net/bridge/br_mdb.c:71 (v5.10)
 */
function __mdb_entry_to_br_ip(entry: br_mdb_entry): br_ip {
	const ip = new br_ip().init(entry.proto, entry.vid);
	const { addr, source } = entry;
	switch (entry.proto) {
		case ETH_P_IP:
			if (typeof addr === 'number') ip.set_dst_ip4(htonl(addr));
			if (typeof source === 'number') ip.set_src_ip4(htonl(source));
			break;
		case ETH_P_IPV6:
			if (addr instanceof Uint8Array) ip.set_dst(addr, 0, 16);
			if (source instanceof Uint8Array) ip.set_src(source, 0, 16);
			break;
	}
	return ip;
}

/**
 * Adds the sources of a port's group.
 * @kernel net/bridge/br_mdb.c:94 (v5.10)
 */
function __mdb_fill_srcs(tb: nlattrs, p: net_bridge_port_group): void {
	if (hlist_empty(p.src_list)) return;

	const nest: nlattrs[] = [];
	for (let n = p.src_list.first; n !== null; n = n.next) {
		const { addr, timer } = n.item;
		nest.push(
			new Map<number, nlattr_value>([
				[
					MDBA_MDB_SRCATTR_ADDRESS,
					addr.proto === ETH_P_IP ? addr.src_ip4 : addr.src_ip6,
				],
				[MDBA_MDB_SRCATTR_TIMER, br_timer_value(timer)],
			]),
		);
	}
	tb.set(MDBA_MDB_EATTR_SRC_LIST, nest);
}

/**
 * Describes one port of an entry, or the host.
 * @param p null for the host
 * @returns MDBA_MDB_ENTRY_INFO
 * @kernel net/bridge/br_mdb.c:150 (v5.10)
 */
function __mdb_fill_info(mp: net_bridge_mdb_entry, p: net_bridge_port_group | null): nlattrs {
	const { addr, br } = mp;
	const v4 = addr.proto === ETH_P_IP;
	const e: nlattrs = new Map();
	e.set(BR_MDB_ENTRY_ifindex, p !== null ? p.port.dev.ifindex : br.dev.ifindex);
	__mdb_entry_fill_flags(e, p !== null ? p.flags : 0);
	e.set(BR_MDB_ENTRY_vid, addr.vid);
	e.set(BR_MDB_ENTRY_addr, v4 ? addr.dst_ip4 : addr.dst_ip6);
	e.set(BR_MDB_ENTRY_proto, addr.proto);

	const tb: nlattrs = new Map<number, nlattr_value>([
		[MDBA_MDB_EATTR_UNSPEC, e],
		[MDBA_MDB_EATTR_TIMER, br_timer_value(p !== null ? p.timer : mp.timer)],
	]);
	if (!addr.src_any()) tb.set(MDBA_MDB_EATTR_SOURCE, v4 ? addr.src_ip4 : addr.src_ip6);
	if (p !== null) {
		tb.set(MDBA_MDB_EATTR_RTPROT, p.rt_protocol);
		if (br_multicast_should_handle_mode(br, addr.proto)) {
			__mdb_fill_srcs(tb, p);
			tb.set(MDBA_MDB_EATTR_GROUP_MODE, p.filter_mode);
		}
	}
	return tb;
}

/**
 * Adds the entries of a bridge.
 * @kernel net/bridge/br_mdb.c:232 (v5.10)
 */
function br_mdb_fill_info(tb: nlattrs, dev: net_device): void {
	const br = br_priv(dev);
	if (!br.multicast_enabled) return;

	const nest: nlattrs[] = [];
	for (let n = br.mdb_list.first; n !== null; n = n.next) {
		const mp = n.item;
		const infos: nlattrs[] = [];
		if (mp.host_joined) infos.push(__mdb_fill_info(mp, null));
		for (let p = mp.ports; p !== null; p = p.next) infos.push(__mdb_fill_info(mp, p));
		nest.push(new Map<number, nlattr_value>([[MDBA_MDB_ENTRY_INFO, infos]]));
	}
	tb.set(MDBA_MDB, nest);
}

/**
 * Checks a request for a dump: there are no filters.
 * @returns 0 or -EINVAL
 * @kernel net/bridge/br_mdb.c:297 (v5.10)
 */
function br_mdb_valid_dump_req(nlh: nlmsg, extack: netlink_ext_ack | null): number {
	if (!(nlh instanceof br_port_msg)) {
		set_err(extack, 'Invalid header for mdb dump request');
		return -EINVAL;
	}
	if (nlh.ifindex !== 0) {
		set_err(extack, 'Filtering by device index is not supported for mdb dump request');
		return -EINVAL;
	}
	if (nlh.tb.size !== 0) {
		if (extack !== null) extack._msg = 'Invalid data after header in mdb dump request';
		return -EINVAL;
	}
	return 0;
}

/**
 * Answers RTM_GETMDB: a message for each bridge.
 * @returns 0 or -EINVAL
 * @kernel net/bridge/br_mdb.c:320 (v5.10)
 */
function br_mdb_dump(
	net: net,
	nlh: nlmsg,
	out: nlmsg[],
	extack: netlink_ext_ack | null,
): number {
	const err = br_mdb_valid_dump_req(nlh, extack);
	if (err < 0) return err;

	for (const dev of net.dev_base_head) {
		if (!netif_is_bridge_master(dev)) continue;
		const msg = new br_port_msg(RTM_GETMDB, 0);
		msg.ifindex = dev.ifindex;
		br_mdb_fill_info(msg.tb, dev);
		br_rports_fill_info(msg.tb, dev);
		out.push(msg);
	}
	return 0;
}

/**
 * Message about one entry.
 * @param type RTM_NEWMDB or RTM_DELMDB
 * @kernel net/bridge/br_mdb.c:376 (v5.10)
 */
function nlmsg_populate_mdb_fill(
	dev: net_device,
	mp: net_bridge_mdb_entry,
	pg: net_bridge_port_group | null,
	type: number,
): br_port_msg {
	const msg = new br_port_msg(type, 0);
	msg.family = AF_BRIDGE;
	msg.ifindex = dev.ifindex;
	msg.tb.set(MDBA_MDB, [
		new Map<number, nlattr_value>([[MDBA_MDB_ENTRY_INFO, [__mdb_fill_info(mp, pg)]]]),
	]);
	return msg;
}

/**
 * Announces an entry.
 * @param pg null for the host
 * @param type RTM_NEWMDB or RTM_DELMDB
 * @kernel net/bridge/br_mdb.c:544 (v5.10)
 */
export function br_mdb_notify(
	dev: net_device,
	mp: net_bridge_mdb_entry,
	pg: net_bridge_port_group | null,
	type: number,
): void {
	rtnl_notify(dev.nd_net, RTNLGRP_MDB, nlmsg_populate_mdb_fill(dev, mp, pg, type));
}

/**
 * Message about a port with a router.
 * @param type RTM_NEWMDB or RTM_DELMDB
 * @kernel net/bridge/br_mdb.c:605 (v5.10)
 */
function nlmsg_populate_rtr_fill(dev: net_device, ifindex: number, type: number): br_port_msg {
	const msg = new br_port_msg(type, 0);
	msg.family = AF_BRIDGE;
	msg.ifindex = dev.ifindex;
	msg.tb.set(MDBA_ROUTER, [
		new Map<number, nlattr_value>([[MDBA_ROUTER_PATTR_UNSPEC, ifindex]]),
	]);
	return msg;
}

/**
 * Announces a port with a router.
 * @param type RTM_NEWMDB or RTM_DELMDB
 * @kernel net/bridge/br_mdb.c:646 (v5.10)
 */
export function br_rtr_notify(dev: net_device, port: net_bridge_port | null, type: number): void {
	const ifindex = port !== null ? port.dev.ifindex : 0;
	rtnl_notify(dev.nd_net, RTNLGRP_MDB, nlmsg_populate_rtr_fill(dev, ifindex, type));
}

/**
 * Checks a requested entry.
 * @kernel net/bridge/br_mdb.c:672 (v5.10)
 */
function is_valid_mdb_entry(entry: br_mdb_entry, extack: netlink_ext_ack | null): boolean {
	const refuse = (text: string): boolean => {
		set_err(extack, text);
		return false;
	};
	const { addr, proto, state } = entry;
	if (entry.ifindex === 0) return refuse('Zero entry ifindex is not allowed');

	if (proto === ETH_P_IP && typeof addr === 'number') {
		if (!ipv4_is_multicast(htonl(addr)))
			return refuse('IPv4 entry group address is not multicast');
		if (ipv4_is_local_multicast(htonl(addr)))
			return refuse('IPv4 entry group address is local multicast');
	} else if (proto === ETH_P_IPV6 && addr instanceof Uint8Array) {
		if (ipv6_addr_is_ll_all_nodes(addr))
			return refuse('IPv6 entry group address is link-local all nodes');
	} else {
		return refuse('Unknown entry protocol');
	}

	if (state !== MDB_PERMANENT && state !== MDB_TEMPORARY) return refuse('Unknown entry state');
	if (entry.vid >= VLAN_VID_MASK) return refuse('Invalid entry VLAN id');
	return true;
}

/**
 * Checks the source of a requested entry.
 * @param proto ethertype of the entry
 * @kernel net/bridge/br_mdb.c:713 (v5.10)
 */
function is_valid_mdb_source(
	attr: nlattr_value,
	proto: number,
	extack: netlink_ext_ack | null,
): boolean {
	const refuse = (text: string): boolean => {
		set_err(extack, text);
		return false;
	};
	switch (proto) {
		case ETH_P_IP:
			if (typeof attr !== 'number') return refuse('IPv4 invalid source address length');
			if (ipv4_is_multicast(htonl(attr)))
				return refuse('IPv4 multicast source address is not allowed');
			break;
		case ETH_P_IPV6:
			if (!(attr instanceof Uint8Array) || attr.length !== 16)
				return refuse('IPv6 invalid source address length');
			if (ipv6_addr_is_multicast(attr))
				return refuse('IPv6 multicast source address is not allowed');
			break;
		default:
			return refuse('Invalid protocol used with source address');
	}
	return true;
}

/** A parsed request. */
interface parsed {
	dev: net_device;
	entry: br_mdb_entry;
}

/**
 * Reads a request to add or remove an entry.
 * @returns bridge and entry, or -EINVAL, -ENODEV, -EOPNOTSUPP
 * @kernel net/bridge/br_mdb.c:757 (v5.10)
 */
function br_mdb_parse(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): parsed | number {
	const refuse = (err: number, text: string): number => {
		set_err(extack, text);
		return -err;
	};
	if (!(nlh instanceof br_port_msg)) return -EINVAL;
	if (nlh.ifindex === 0) return refuse(EINVAL, 'Invalid bridge ifindex');

	const dev = __dev_get_by_index(net, nlh.ifindex);
	if (dev === null) return refuse(ENODEV, "Bridge device doesn't exist");
	if (!netif_is_bridge_master(dev)) return refuse(EOPNOTSUPP, 'Device is not a bridge');

	const set = nlh.tb.get(MDBA_SET_ENTRY);
	if (set === undefined) return refuse(EINVAL, 'Missing MDBA_SET_ENTRY attribute');
	if (!(set instanceof Map)) return refuse(EINVAL, 'Invalid MDBA_SET_ENTRY attribute length');

	const num = (key: number): number => {
		const v = set.get(key);
		return typeof v === 'number' ? v : 0;
	};
	const entry = new br_mdb_entry();
	entry.ifindex = num(BR_MDB_ENTRY_ifindex);
	entry.state = num(BR_MDB_ENTRY_state);
	entry.vid = num(BR_MDB_ENTRY_vid);
	entry.addr = set.get(BR_MDB_ENTRY_addr) ?? 0;
	entry.proto = num(BR_MDB_ENTRY_proto);
	if (!is_valid_mdb_entry(entry, extack)) return -EINVAL;

	const attrs = nlh.tb.get(MDBA_SET_ENTRY_ATTRS);
	if (attrs instanceof Map) {
		entry.source = attrs.get(MDBE_ATTR_SOURCE) ?? null;
		if (entry.source !== null && !is_valid_mdb_source(entry.source, entry.proto, extack))
			return -EINVAL;
	}
	return { dev, entry };
}

/**
 * Adds a user's entry.
 * @param port null for the host
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_mdb.c:824 (v5.10)
 */
function br_mdb_add_group(
	br: net_bridge,
	port: net_bridge_port | null,
	entry: br_mdb_entry,
	extack: netlink_ext_ack | null,
): number {
	const group = __mdb_entry_to_br_ip(entry);

	if (port === null) {
		if (entry.state !== 0) {
			set_err(extack, 'Flags are not allowed for host groups');
			return -EINVAL;
		}
		if (!br_multicast_is_star_g(group)) {
			set_err(extack, 'Groups with sources cannot be manually host joined');
			return -EINVAL;
		}
	}

	const mp = br_multicast_new_group(br, group);
	if (typeof mp === 'number') return mp;

	if (port === null) {
		if (mp.host_joined) {
			set_err(extack, 'Group is already joined by host');
			return -EEXIST;
		}
		br_multicast_host_join(mp, false);
		br_mdb_notify(br.dev, mp, null, RTM_NEWMDB);
		return 0;
	}

	let pp: net_bridge_port_group | null = null;
	let next = mp.ports;
	for (; next !== null; pp = next, next = next.next) {
		if (next.port === port) {
			set_err(extack, 'Group is already joined by port');
			return -EEXIST;
		}
		if (next.port.order < port.order) break;
	}

	const filter_mode = br_multicast_is_star_g(group) ? MCAST_EXCLUDE : MCAST_INCLUDE;
	const p = br_multicast_new_port_group(
		port,
		group,
		next,
		entry.state,
		null,
		filter_mode,
		RTPROT_STATIC,
	);
	if (p === null) {
		set_err(extack, "Couldn't allocate new port group");
		return -ENOMEM;
	}
	if (pp === null) mp.ports = p;
	else pp.next = p;
	if (entry.state === MDB_TEMPORARY)
		mod_timer(p.timer, br.machine.jiffies + br.multicast_membership_interval);
	br_mdb_notify(br.dev, mp, p, RTM_NEWMDB);

	/* what excludes gets the sources of other ports; a new source goes to all ports that exclude */
	if (br_multicast_should_handle_mode(br, group.proto)) {
		switch (filter_mode) {
			case MCAST_EXCLUDE:
				br_multicast_star_g_handle_mode(p, MCAST_EXCLUDE);
				break;
			case MCAST_INCLUDE: {
				const star_group = new br_ip().copy(p.addr).clear_src();
				const star_mp = br_mdb_ip_get(br, star_group);
				if (star_mp !== null) br_multicast_sg_add_exclude_ports(star_mp, p);
				break;
			}
		}
	}
	return 0;
}

/**
 * Adds a user's entry.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_mdb.c:920 (v5.10)
 */
function __br_mdb_add(
	br: net_bridge,
	p: net_bridge_port | null,
	entry: br_mdb_entry,
	extack: netlink_ext_ack | null,
): number {
	return br_mdb_add_group(br, p, entry, extack);
}

/**
 * Answers RTM_NEWMDB. On a bridge that filters VLANs an entry without one is added in all of the port's.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_mdb.c:935 (v5.10)
 */
function br_mdb_add(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	const refuse = (err: number, text: string): number => {
		set_err(extack, text);
		return -err;
	};
	const req = br_mdb_parse(net, nlh, extack);
	if (typeof req === 'number') return req;
	const { dev, entry } = req;
	const br = br_priv(dev);

	if (!netif_running(br.dev)) return refuse(EINVAL, 'Bridge device is not running');
	if (!br.multicast_enabled)
		return refuse(EINVAL, "Bridge's multicast processing is disabled");

	let p: net_bridge_port | null = null;
	let vg: net_bridge_vlan_group | null;
	if (entry.ifindex !== br.dev.ifindex) {
		const pdev = __dev_get_by_index(net, entry.ifindex);
		if (pdev === null) return refuse(ENODEV, "Port net device doesn't exist");

		p = br_port_get_rtnl(pdev);
		if (p === null) return refuse(EINVAL, 'Net device is not a bridge port');
		if (p.br !== br) return refuse(EINVAL, 'Port belongs to a different bridge device');
		if (p.state === BR_STATE_DISABLED) return refuse(EINVAL, 'Port is in disabled state');
		vg = p.vlgrp;
	} else {
		vg = br.vlgrp;
	}

	if (br.vlan_enabled && vg !== null && entry.vid === 0) {
		for (const v of vg.vlan_list) {
			entry.vid = v.vid;
			const err = __br_mdb_add(br, p, entry, extack);
			if (err !== 0) return err;
		}
		return 0;
	}
	return __br_mdb_add(br, p, entry, extack);
}

/**
 * Removes an entry.
 * @returns 0 or -EINVAL
 * @kernel net/bridge/br_mdb.c:1007 (v5.10)
 */
function __br_mdb_del(br: net_bridge, entry: br_mdb_entry): number {
	if (!netif_running(br.dev) || !br.multicast_enabled) return -EINVAL;

	const mp = br_mdb_ip_get(br, __mdb_entry_to_br_ip(entry));
	if (mp === null) return -EINVAL;

	if (entry.ifindex === br.dev.ifindex && mp.host_joined) {
		br_multicast_host_leave(mp, false);
		br_mdb_notify(br.dev, mp, null, RTM_DELMDB);
		if (mp.ports === null && netif_running(br.dev)) mod_timer(mp.timer, br.machine.jiffies);
		return 0;
	}

	let pp: net_bridge_port_group | null = null;
	for (let p = mp.ports; p !== null; pp = p, p = p.next) {
		if (p.port.dev.ifindex !== entry.ifindex) continue;
		if (p.port.state === BR_STATE_DISABLED) return -EINVAL;
		br_multicast_del_pg(mp, p, pp);
		return 0;
	}
	return -EINVAL;
}

/**
 * Answers RTM_DELMDB. On a bridge that filters VLANs an entry without one is removed in all of the port's.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_mdb.c:1055 (v5.10)
 */
function br_mdb_del(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	const req = br_mdb_parse(net, nlh, extack);
	if (typeof req === 'number') return req;
	const { dev, entry } = req;
	const br = br_priv(dev);

	let vg: net_bridge_vlan_group | null;
	if (entry.ifindex !== br.dev.ifindex) {
		const pdev = __dev_get_by_index(net, entry.ifindex);
		if (pdev === null) return -ENODEV;

		const p = br_port_get_rtnl(pdev);
		if (p === null || p.br !== br || p.state === BR_STATE_DISABLED) return -EINVAL;
		vg = p.vlgrp;
	} else {
		vg = br.vlgrp;
	}

	if (br.vlan_enabled && vg !== null && entry.vid === 0) {
		let err = 0;
		for (const v of vg.vlan_list) {
			entry.vid = v.vid;
			err = __br_mdb_del(br, entry);
		}
		return err;
	}
	return __br_mdb_del(br, entry);
}

/**
 * Registers the messages.
 * @kernel net/bridge/br_mdb.c:1102 (v5.10)
 */
export function br_mdb_init(m: Machine): void {
	const ops = br_mdb_ops.of(m);
	ops.notify = br_mdb_notify;
	ops.rtr_notify = br_rtr_notify;
	rtnl_register(m, PF_BRIDGE, RTM_GETMDB, null, br_mdb_dump);
	rtnl_register(m, PF_BRIDGE, RTM_NEWMDB, br_mdb_add, null);
	rtnl_register(m, PF_BRIDGE, RTM_DELMDB, br_mdb_del, null);
}
