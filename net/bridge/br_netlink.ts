// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/bridge/br_netlink.c, base v5.10: bridges and ports through rtnetlink.
 *
 * Not ported: MRP, tunnels, per-VLAN statistics; switching the spanning tree protocol on is
 * refused, since it is not there.
 * PORT: br_fill_ifinfo() makes a message of its own, so it takes neither packet nor header fields.
 */
import { HZ, type Machine } from '../../include/linux/machine.ts';
import {
	type net_device,
	type net_device_ops,
	netif_oper_up,
	netif_running,
} from '../../include/linux/netdevice.ts';
import { is_link_local_ether_addr, is_valid_ether_addr } from '../../include/linux/etherdevice.ts';
import { AF_BRIDGE } from '../../include/linux/socket.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { netlink_ext_ack, nlattr_value, nlattrs, nlmsg } from '../../include/net/netlink.ts';
import { RTEXT_FILTER_BRVLAN, RTEXT_FILTER_BRVLAN_COMPRESSED, ifinfomsg_msg, RTM_DELLINK, RTM_NEWLINK, RTM_SETLINK } from '../../include/uapi/linux/rtnetlink.ts';
import type { rtnl_link_ops } from '../../include/net/rtnetlink.ts';
import { VLAN_VID_MASK } from '../../include/linux/if_vlan.ts';
import { EADDRNOTAVAIL, EINVAL, ENETDOWN, ENOENT, EOPNOTSUPP, EPROTONOSUPPORT, ERANGE } from '../../include/uapi/linux/errno.ts';
import {
	BR_STATE_BLOCKING,
	BR_STATE_DISABLED,
	BRIDGE_VLAN_INFO_BRENTRY,
	BRIDGE_VLAN_INFO_flags,
	BRIDGE_VLAN_INFO_MASTER,
	BRIDGE_VLAN_INFO_PVID,
	BRIDGE_VLAN_INFO_RANGE_BEGIN,
	BRIDGE_VLAN_INFO_RANGE_END,
	BRIDGE_VLAN_INFO_UNTAGGED,
	BRIDGE_VLAN_INFO_vid,
	IFLA_BRIDGE_VLAN_INFO,
} from '../../include/uapi/linux/if_bridge.ts';
import { ETH_ALEN, ETH_P_8021AD, ETH_P_8021Q } from '../../include/uapi/linux/if_ether.ts';
import { IF_OPER_DOWN } from '../../include/uapi/linux/if.ts';
import * as L from '../../include/uapi/linux/if_link.ts';
import { __dev_get_by_index, dev_get_flags, dev_get_iflink, register_netdevice } from '../core/dev.ts';
import { rtnl_link_register } from '../core/rtnetlink.ts';
import { br_dev_setup, br_netdev_ops } from './br_device.ts';
import { br_fdb_delete_by_port, br_fdb_flush } from './br_fdb.ts';
import { br_dev_delete, br_port_flags_change, nbp_backup_change } from './br_if.ts';
import { br_mdb_init } from './br_mdb.ts';
import {
	br_multicast_set_igmp_version,
	br_multicast_set_mld_version,
	br_multicast_set_port_router,
	br_multicast_set_querier,
	br_multicast_set_router,
	br_multicast_toggle,
} from './br_multicast.ts';
import {
	BR_BCAST_FLOOD,
	BR_BPDU_GUARD,
	BR_FLOOD,
	BR_GROUPFWD_RESTRICTED,
	BR_HAIRPIN_MODE,
	BR_ISOLATED,
	BR_LEARNING,
	BR_MCAST_FLOOD,
	BR_MULTICAST_FAST_LEAVE,
	BR_MULTICAST_TO_UNICAST,
	br_port_get_rtnl,
	br_priv,
	BR_ROOT_BLOCK,
	type bridge_id,
	type net_bridge,
	type net_bridge_port,
	type net_bridge_vlan_group,
} from './br_private.ts';
import { br_port_state_selection, br_set_ageing_time, br_set_forward_delay, br_set_state } from './br_stp.ts';
import {
	br_stp_change_bridge_id,
	br_stp_set_bridge_priority,
	br_stp_set_path_cost,
	br_stp_set_port_priority,
} from './br_stp_if.ts';
import {
	__br_vlan_set_default_pvid,
	br_recalculate_fwd_mask,
	br_vlan_add,
	br_vlan_delete,
	br_vlan_filter_toggle,
	br_vlan_set_proto,
	nbp_vlan_add,
	nbp_vlan_delete,
} from './br_vlan.ts';

/** include/linux/rhashtable.h: chain length that a table of C grows at. */
const RHT_ELASTICITY = 16;

/** Port flags by attribute, in the order in which C sets them. */
const port_flags: readonly [number, number][] = [
	[L.IFLA_BRPORT_MODE, BR_HAIRPIN_MODE],
	[L.IFLA_BRPORT_GUARD, BR_BPDU_GUARD],
	[L.IFLA_BRPORT_FAST_LEAVE, BR_MULTICAST_FAST_LEAVE],
	[L.IFLA_BRPORT_PROTECT, BR_ROOT_BLOCK],
	[L.IFLA_BRPORT_LEARNING, BR_LEARNING],
	[L.IFLA_BRPORT_UNICAST_FLOOD, BR_FLOOD],
	[L.IFLA_BRPORT_MCAST_FLOOD, BR_MCAST_FLOOD],
	[L.IFLA_BRPORT_MCAST_TO_UCAST, BR_MULTICAST_TO_UNICAST],
	[L.IFLA_BRPORT_BCAST_FLOOD, BR_BCAST_FLOOD],
];

/**
 * Number under a key, or null.
 * @kernel PORT: nla_get_u32 and its like
 */
function num(tb: nlattrs, type: number): number | null {
	const v = tb.get(type);
	return typeof v === 'number' ? v : null;
}

/**
 * Identity as its eight bytes: priority, then address.
 * @kernel PORT: struct ifla_bridge_id
 */
function id_bytes(id: bridge_id): Uint8Array {
	const b = new Uint8Array(8);
	b[0] = id.prio >> 8;
	b[1] = id.prio;
	b.set(id.addr, 2);
	return b;
}

/**
 * Attributes that describe a port.
 * @kernel net/bridge/br_netlink.c:174 (v5.10)
 */
function br_port_fill_attrs(p: net_bridge_port): nlattrs {
	const tb: nlattrs = new Map<number, nlattr_value>([
		[L.IFLA_BRPORT_STATE, p.state],
		[L.IFLA_BRPORT_PRIORITY, p.priority],
		[L.IFLA_BRPORT_COST, p.path_cost],
	]);
	for (const [attr, flag] of port_flags) tb.set(attr, (p.flags & flag) !== 0 ? 1 : 0);
	tb.set(L.IFLA_BRPORT_PROXYARP, 0);
	tb.set(L.IFLA_BRPORT_PROXYARP_WIFI, 0);
	tb.set(L.IFLA_BRPORT_ROOT_ID, id_bytes(p.designated_root));
	tb.set(L.IFLA_BRPORT_BRIDGE_ID, id_bytes(p.designated_bridge));
	tb.set(L.IFLA_BRPORT_DESIGNATED_PORT, p.designated_port);
	tb.set(L.IFLA_BRPORT_DESIGNATED_COST, p.designated_cost);
	tb.set(L.IFLA_BRPORT_ID, p.port_id);
	tb.set(L.IFLA_BRPORT_NO, p.port_no);
	tb.set(L.IFLA_BRPORT_TOPOLOGY_CHANGE_ACK, p.topology_change_ack);
	tb.set(L.IFLA_BRPORT_CONFIG_PENDING, p.config_pending);
	tb.set(L.IFLA_BRPORT_VLAN_TUNNEL, 0);
	tb.set(L.IFLA_BRPORT_GROUP_FWD_MASK, p.group_fwd_mask);
	tb.set(L.IFLA_BRPORT_NEIGH_SUPPRESS, 0);
	tb.set(L.IFLA_BRPORT_ISOLATED, (p.flags & BR_ISOLATED) !== 0 ? 1 : 0);
	tb.set(L.IFLA_BRPORT_MESSAGE_AGE_TIMER, 0);
	tb.set(L.IFLA_BRPORT_FORWARD_DELAY_TIMER, 0);
	tb.set(L.IFLA_BRPORT_HOLD_TIMER, 0);
	tb.set(L.IFLA_BRPORT_MULTICAST_ROUTER, p.multicast_router);
	if (p.backup_port !== null) tb.set(L.IFLA_BRPORT_BACKUP_PORT, p.backup_port.dev.ifindex);
	return tb;
}

/**
 * One VLAN as an attribute.
 * @kernel PORT: struct bridge_vlan_info
 */
function vlan_info(vid: number, flags: number): nlattrs {
	return new Map<number, nlattr_value>([
		[
			IFLA_BRIDGE_VLAN_INFO,
			new Map<number, nlattr_value>([
				[BRIDGE_VLAN_INFO_flags, flags],
				[BRIDGE_VLAN_INFO_vid, vid],
			]),
		],
	]);
}

/**
 * VLANs of a group, each by itself or runs of equal flags as ranges.
 * @param compressed ranges
 * @kernel net/bridge/br_netlink.c:342 (v5.10)
 */
function br_fill_ifvlaninfo(vg: net_bridge_vlan_group, compressed: boolean): nlattrs[] {
	const out: nlattrs[] = [];
	let start = -1;
	let end = -1;
	let run_flags = 0;
	const flush = (): void => {
		if (start < 0) return;
		if (end > start) {
			out.push(vlan_info(start, run_flags | BRIDGE_VLAN_INFO_RANGE_BEGIN));
			out.push(vlan_info(end, run_flags | BRIDGE_VLAN_INFO_RANGE_END));
		} else {
			out.push(vlan_info(start, run_flags));
		}
		start = -1;
	};
	for (const v of vg.vlan_list) {
		if ((v.flags & BRIDGE_VLAN_INFO_MASTER) !== 0 && (v.flags & BRIDGE_VLAN_INFO_BRENTRY) === 0)
			continue;
		let flags = 0;
		if (v.vid === vg.pvid) flags |= BRIDGE_VLAN_INFO_PVID;
		if ((v.flags & BRIDGE_VLAN_INFO_UNTAGGED) !== 0) flags |= BRIDGE_VLAN_INFO_UNTAGGED;
		if (compressed && start >= 0 && v.vid === end + 1 && flags === run_flags) {
			end = v.vid;
			continue;
		}
		flush();
		start = end = v.vid;
		run_flags = flags;
	}
	flush();
	return out;
}

/**
 * Message that describes a port or a bridge for PF_BRIDGE.
 * @kernel net/bridge/br_netlink.c:377 (v5.10)
 */
function br_fill_ifinfo(
	port: net_bridge_port | null,
	dev: net_device,
	event: number,
	filter_mask: number,
): ifinfomsg_msg {
	const br = port !== null ? port.br : br_priv(dev);
	const msg = new ifinfomsg_msg(event, 0);
	msg.ifi_family = AF_BRIDGE;
	msg.ifi_type = dev.type;
	msg.ifi_index = dev.ifindex;
	msg.ifi_flags = dev_get_flags(dev);
	const { tb } = msg;
	tb.set(L.IFLA_IFNAME, dev.name);
	tb.set(L.IFLA_MASTER, br.dev.ifindex);
	tb.set(L.IFLA_MTU, dev.mtu);
	tb.set(L.IFLA_OPERSTATE, netif_running(dev) ? dev.operstate : IF_OPER_DOWN);
	if (dev.addr_len !== 0) tb.set(L.IFLA_ADDRESS, dev.dev_addr.slice(0, dev.addr_len));
	if (dev.ifindex !== dev_get_iflink(dev)) tb.set(L.IFLA_LINK, dev_get_iflink(dev));
	if (event === RTM_NEWLINK && port !== null) tb.set(L.IFLA_PROTINFO, br_port_fill_attrs(port));
	if ((filter_mask & (RTEXT_FILTER_BRVLAN | RTEXT_FILTER_BRVLAN_COMPRESSED)) !== 0) {
		const vg = port !== null ? port.vlgrp : br.vlgrp;
		if (vg !== null && vg.num_vlans !== 0)
			tb.set(
				L.IFLA_AF_SPEC,
				br_fill_ifvlaninfo(vg, (filter_mask & RTEXT_FILTER_BRVLAN_COMPRESSED) !== 0),
			);
	}
	return msg;
}

/**
 * Describes a port, or a bridge when its VLANs are asked for.
 * @kernel net/bridge/br_netlink.c:534 (v5.10)
 */
export function br_getlink(dev: net_device, filter_mask: number): nlmsg | null {
	const port = br_port_get_rtnl(dev);
	if (
		port === null &&
		(filter_mask & (RTEXT_FILTER_BRVLAN | RTEXT_FILTER_BRVLAN_COMPRESSED)) === 0
	)
		return null;
	if (port === null && dev.netdev_ops !== br_bridge_netdev_ops) return null;
	return br_fill_ifinfo(port, dev, RTM_NEWLINK, filter_mask);
}

/**
 * Adds or removes one VLAN.
 * @param cmd RTM_SETLINK or RTM_DELLINK
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_netlink.c:548 (v5.10)
 */
function br_vlan_info(
	br: net_bridge,
	p: net_bridge_port | null,
	cmd: number,
	flags: number,
	vid: number,
	extack: netlink_ext_ack | null,
): number {
	switch (cmd) {
		case RTM_SETLINK: {
			/* A port's VLAN is not of the bridge unless asked for; the bridge's own always is. */
			const err =
				p !== null
					? nbp_vlan_add(p, vid, flags, extack)
					: br_vlan_add(br, vid, flags | BRIDGE_VLAN_INFO_BRENTRY, extack);
			return err < 0 ? err : 0;
		}
		case RTM_DELLINK:
			if (p !== null) {
				nbp_vlan_delete(p, vid);
				if ((flags & BRIDGE_VLAN_INFO_MASTER) !== 0) br_vlan_delete(p.br, vid);
				return 0;
			}
			br_vlan_delete(br, vid);
			return 0;
	}
	return 0;
}

/**
 * Handles the VLANs of a request.
 * @param cmd RTM_SETLINK or RTM_DELLINK
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_netlink.c:659 (v5.10)
 */
function br_afspec(
	br: net_bridge,
	p: net_bridge_port | null,
	af_spec: readonly nlattrs[],
	cmd: number,
	extack: netlink_ext_ack | null,
): number {
	let start: { vid: number; flags: number } | null = null;
	for (const attr of af_spec) {
		const info = attr.get(IFLA_BRIDGE_VLAN_INFO);
		if (!(info instanceof Map)) continue;
		const flags = num(info, BRIDGE_VLAN_INFO_flags) ?? 0;
		const vid = num(info, BRIDGE_VLAN_INFO_vid) ?? 0;
		if (vid === 0 || vid >= VLAN_VID_MASK) return -EINVAL;
		if ((flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) !== 0) {
			if (start !== null || (flags & BRIDGE_VLAN_INFO_PVID) !== 0) return -EINVAL;
			start = { vid, flags };
			continue;
		}
		let first = vid;
		if (start !== null) {
			if ((flags & BRIDGE_VLAN_INFO_RANGE_END) === 0 || vid <= start.vid) return -EINVAL;
			first = start.vid;
			start = null;
		} else if ((flags & BRIDGE_VLAN_INFO_RANGE_END) !== 0) {
			return -EINVAL;
		}
		const plain = flags & ~(BRIDGE_VLAN_INFO_RANGE_BEGIN | BRIDGE_VLAN_INFO_RANGE_END);
		for (let v = first; v <= vid; v++) {
			const err = br_vlan_info(br, p, cmd, plain, v, extack);
			if (err !== 0) return err;
		}
	}
	return 0;
}

/**
 * Puts a port into a state that the user asks for. The selection that follows lets a blocked port of a bridge
 * without spanning tree forward at once.
 * @returns 0, -EINVAL, -ENETDOWN
 * @kernel net/bridge/br_netlink.c:733 (v5.10)
 */
function br_set_port_state(p: net_bridge_port, state: number): number {
	if (state > BR_STATE_BLOCKING) return -EINVAL;
	if (!netif_running(p.dev) || (!netif_oper_up(p.dev) && state !== BR_STATE_DISABLED))
		return -ENETDOWN;
	br_set_state(p, state);
	br_port_state_selection(p.br);
	return 0;
}

/**
 * Sets or clears a port flag that a request names.
 * @kernel net/bridge/br_netlink.c:755 (v5.10)
 */
function br_set_port_flag(p: net_bridge_port, tb: nlattrs, attrtype: number, mask: number): void {
	const v = num(tb, attrtype);
	if (v === null) return;
	p.flags = v !== 0 ? p.flags | mask : p.flags & ~mask;
}

/**
 * Changes a port as a request asks.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_netlink.c:778 (v5.10)
 */
function br_setport(p: net_bridge_port, tb: nlattrs): number {
	const old_flags = p.flags;
	for (const a of [
		L.IFLA_BRPORT_PROXYARP,
		L.IFLA_BRPORT_PROXYARP_WIFI,
		L.IFLA_BRPORT_VLAN_TUNNEL,
		L.IFLA_BRPORT_NEIGH_SUPPRESS,
	])
		if ((num(tb, a) ?? 0) !== 0) return -EOPNOTSUPP;
	for (const [attr, flag] of port_flags) br_set_port_flag(p, tb, attr, flag);
	const cost = num(tb, L.IFLA_BRPORT_COST);
	if (cost !== null) {
		const err = br_stp_set_path_cost(p, cost);
		if (err !== 0) return err;
	}
	const prio = num(tb, L.IFLA_BRPORT_PRIORITY);
	if (prio !== null) {
		const err = br_stp_set_port_priority(p, prio);
		if (err !== 0) return err;
	}
	const state = num(tb, L.IFLA_BRPORT_STATE);
	if (state !== null) {
		const err = br_set_port_state(p, state);
		if (err !== 0) return err;
	}
	if (tb.has(L.IFLA_BRPORT_FLUSH)) br_fdb_delete_by_port(p.br, p, 0, false);
	const mcast_router = num(tb, L.IFLA_BRPORT_MULTICAST_ROUTER);
	if (mcast_router !== null) {
		const err = br_multicast_set_port_router(p, mcast_router & 0xff);
		if (err !== 0) return err;
	}
	const fwd_mask = num(tb, L.IFLA_BRPORT_GROUP_FWD_MASK);
	if (fwd_mask !== null) {
		if ((fwd_mask & 2) !== 0) return -EINVAL;
		p.group_fwd_mask = fwd_mask;
	}
	br_set_port_flag(p, tb, L.IFLA_BRPORT_ISOLATED, BR_ISOLATED);
	const backup = num(tb, L.IFLA_BRPORT_BACKUP_PORT);
	if (backup !== null) {
		const backup_dev = backup === 0 ? null : __dev_get_by_index(p.dev.nd_net, backup);
		if (backup !== 0 && backup_dev === null) return -ENOENT;
		const err = nbp_backup_change(p, backup_dev);
		if (err !== 0) return err;
	}
	br_port_flags_change(p, old_flags ^ p.flags);
	return 0;
}

/**
 * Bridge that a request about a device is for.
 * @kernel PORT: netdev_priv of a device that may be a port
 */
function bridge_of(dev: net_device, p: net_bridge_port | null): net_bridge {
	return p !== null ? p.br : br_priv(dev);
}

/**
 * Handles RTM_SETLINK of PF_BRIDGE.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_netlink.c:906 (v5.10)
 */
export function br_setlink(
	dev: net_device,
	tb: nlattrs,
	_flags: number,
	extack: netlink_ext_ack | null,
): number {
	const protinfo = tb.get(L.IFLA_PROTINFO);
	const af_spec = tb.get(L.IFLA_AF_SPEC);
	if (protinfo === undefined && af_spec === undefined) return 0;
	const p = br_port_get_rtnl(dev);
	if (p === null && af_spec === undefined) return -EINVAL;
	if (p !== null && protinfo !== undefined) {
		const err =
			protinfo instanceof Map
				? br_setport(p, protinfo)
				: typeof protinfo === 'number'
					? br_set_port_state(p, protinfo)
					: -EINVAL;
		if (err !== 0) return err;
	}
	if (Array.isArray(af_spec)) return br_afspec(bridge_of(dev, p), p, af_spec, RTM_SETLINK, extack);
	return 0;
}

/**
 * Handles RTM_DELLINK of PF_BRIDGE: VLANs.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_netlink.c:965 (v5.10)
 */
export function br_dellink(dev: net_device, tb: nlattrs, _flags: number): number {
	const af_spec = tb.get(L.IFLA_AF_SPEC);
	if (!Array.isArray(af_spec)) return 0;
	const p = br_port_get_rtnl(dev);
	if (p === null && dev.netdev_ops !== br_bridge_netdev_ops) return -EINVAL;
	return br_afspec(bridge_of(dev, p), p, af_spec, RTM_DELLINK, null);
}

/** Operations of a bridge with its netlink. */
const br_bridge_netdev_ops: net_device_ops = {
	...br_netdev_ops,
	ndo_bridge_getlink: br_getlink,
	ndo_bridge_setlink: br_setlink,
	ndo_bridge_dellink: br_dellink,
};

/**
 * Checks a request to make or change a bridge.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_netlink.c:992 (v5.10)
 */
function br_validate(tb: nlattrs, data: nlattrs | null): number {
	const addr = tb.get(L.IFLA_ADDRESS);
	if (addr instanceof Uint8Array) {
		if (addr.length !== ETH_ALEN) return -EINVAL;
		if (!is_valid_ether_addr(addr)) return -EADDRNOTAVAIL;
	}
	if (data === null) return 0;
	const proto = num(data, L.IFLA_BR_VLAN_PROTOCOL);
	if (proto !== null && proto !== ETH_P_8021Q && proto !== ETH_P_8021AD) return -EPROTONOSUPPORT;
	const defpvid = num(data, L.IFLA_BR_VLAN_DEFAULT_PVID);
	return defpvid !== null && defpvid >= VLAN_VID_MASK ? -EINVAL : 0;
}

/**
 * Changes a port through its bridge's kind.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_netlink.c:1027 (v5.10)
 */
function br_port_slave_changelink(
	_brdev: net_device,
	dev: net_device,
	_tb: nlattrs,
	data: nlattrs | null,
	_extack: netlink_ext_ack | null,
): number {
	const p = br_port_get_rtnl(dev);
	if (data === null || p === null) return 0;
	return br_setport(p, data);
}

/**
 * Changes how a bridge snoops.
 * @returns 0 or -EINVAL
 * @kernel PORT: the part of net/bridge/br_netlink.c:1098 br_changelink under CONFIG_BRIDGE_IGMP_SNOOPING
 */
function br_mcast_changelink(br: net_bridge, data: nlattrs): number {
	const u8 = (attr: number): number | null => {
		const v = num(data, attr);
		return v === null ? null : v & 0xff;
	};
	const jiffies = (attr: number): number | null => {
		const v = num(data, attr);
		return v === null ? null : Math.floor((v * HZ) / 100);
	};

	const router = u8(L.IFLA_BR_MCAST_ROUTER);
	if (router !== null) {
		const err = br_multicast_set_router(br, router);
		if (err !== 0) return err;
	}
	const snooping = u8(L.IFLA_BR_MCAST_SNOOPING);
	if (snooping !== null) br_multicast_toggle(br, snooping !== 0);
	const use_ifaddr = u8(L.IFLA_BR_MCAST_QUERY_USE_IFADDR);
	if (use_ifaddr !== null) br.multicast_query_use_ifaddr = use_ifaddr !== 0;
	const querier = u8(L.IFLA_BR_MCAST_QUERIER);
	if (querier !== null) br_multicast_set_querier(br, querier !== 0);
	if (data.has(L.IFLA_BR_MCAST_HASH_ELASTICITY))
		br.machine.printk(
			`${br.dev.name}: the hash_elasticity option has been deprecated and is always ${String(RHT_ELASTICITY)}`,
		);
	br.hash_max = num(data, L.IFLA_BR_MCAST_HASH_MAX) ?? br.hash_max;
	br.multicast_last_member_count =
		num(data, L.IFLA_BR_MCAST_LAST_MEMBER_CNT) ?? br.multicast_last_member_count;
	br.multicast_startup_query_count =
		num(data, L.IFLA_BR_MCAST_STARTUP_QUERY_CNT) ?? br.multicast_startup_query_count;
	br.multicast_last_member_interval =
		jiffies(L.IFLA_BR_MCAST_LAST_MEMBER_INTVL) ?? br.multicast_last_member_interval;
	br.multicast_membership_interval =
		jiffies(L.IFLA_BR_MCAST_MEMBERSHIP_INTVL) ?? br.multicast_membership_interval;
	br.multicast_querier_interval =
		jiffies(L.IFLA_BR_MCAST_QUERIER_INTVL) ?? br.multicast_querier_interval;
	br.multicast_query_interval =
		jiffies(L.IFLA_BR_MCAST_QUERY_INTVL) ?? br.multicast_query_interval;
	br.multicast_query_response_interval =
		jiffies(L.IFLA_BR_MCAST_QUERY_RESPONSE_INTVL) ?? br.multicast_query_response_interval;
	br.multicast_startup_query_interval =
		jiffies(L.IFLA_BR_MCAST_STARTUP_QUERY_INTVL) ?? br.multicast_startup_query_interval;
	const stats = u8(L.IFLA_BR_MCAST_STATS_ENABLED);
	if (stats !== null) br.multicast_stats_enabled = stats !== 0;
	const igmp_version = u8(L.IFLA_BR_MCAST_IGMP_VERSION);
	if (igmp_version !== null) {
		const err = br_multicast_set_igmp_version(br, igmp_version);
		if (err !== 0) return err;
	}
	const mld_version = u8(L.IFLA_BR_MCAST_MLD_VERSION);
	if (mld_version !== null) {
		const err = br_multicast_set_mld_version(br, mld_version);
		if (err !== 0) return err;
	}
	return 0;
}

/**
 * Changes a bridge.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_netlink.c:1098 (v5.10)
 */
function br_changelink(
	brdev: net_device,
	_tb: nlattrs,
	data: nlattrs | null,
	extack: netlink_ext_ack | null,
): number {
	if (data === null) return 0;
	const br = br_priv(brdev);
	const forward_delay = num(data, L.IFLA_BR_FORWARD_DELAY);
	if (forward_delay !== null) {
		const err = br_set_forward_delay(br, forward_delay);
		if (err !== 0) return err;
	}
	const hello = num(data, L.IFLA_BR_HELLO_TIME);
	if (hello !== null) {
		const t = Math.floor((hello * HZ) / 100);
		if (t < HZ || t > 10 * HZ) return -ERANGE;
		br.bridge_hello_time = br.hello_time = t;
	}
	const max_age = num(data, L.IFLA_BR_MAX_AGE);
	if (max_age !== null) {
		const t = Math.floor((max_age * HZ) / 100);
		if (t < 6 * HZ || t > 40 * HZ) return -ERANGE;
		br.bridge_max_age = br.max_age = t;
	}
	const ageing = num(data, L.IFLA_BR_AGEING_TIME);
	if (ageing !== null) {
		const err = br_set_ageing_time(br, ageing);
		if (err !== 0) return err;
	}
	if ((num(data, L.IFLA_BR_STP_STATE) ?? 0) !== 0) {
		if (extack !== null) extack._msg = 'bridge: spanning tree protocol is not supported';
		return -EOPNOTSUPP;
	}
	const prio = num(data, L.IFLA_BR_PRIORITY);
	if (prio !== null) br_stp_set_bridge_priority(br, prio);
	const filtering = num(data, L.IFLA_BR_VLAN_FILTERING);
	if (filtering !== null) {
		const err = br_vlan_filter_toggle(br, filtering !== 0);
		if (err !== 0) return err;
	}
	const proto = num(data, L.IFLA_BR_VLAN_PROTOCOL);
	if (proto !== null) {
		const err = br_vlan_set_proto(br, proto);
		if (err !== 0) return err;
	}
	const defpvid = num(data, L.IFLA_BR_VLAN_DEFAULT_PVID);
	if (defpvid !== null) {
		const err = __br_vlan_set_default_pvid(br, defpvid, extack);
		if (err !== 0) return err;
	}
	const vlan_stats = num(data, L.IFLA_BR_VLAN_STATS_ENABLED);
	if (vlan_stats !== null) {
		if (vlan_stats > 1) return -EINVAL;
		br.vlan_stats_enabled = vlan_stats === 1;
	}
	const fwd_mask = num(data, L.IFLA_BR_GROUP_FWD_MASK);
	if (fwd_mask !== null) {
		if ((fwd_mask & BR_GROUPFWD_RESTRICTED) !== 0) return -EINVAL;
		br.group_fwd_mask = fwd_mask;
	}
	const group_addr = data.get(L.IFLA_BR_GROUP_ADDR);
	if (group_addr instanceof Uint8Array) {
		if (group_addr.length !== ETH_ALEN || !is_link_local_ether_addr(group_addr)) return -EINVAL;
		/* pause, slow protocols and port access have addresses of their own */
		if (group_addr[5] >= 1 && group_addr[5] <= 3) return -EINVAL;
		br.group_addr.set(group_addr);
		br.group_addr_set = true;
		br_recalculate_fwd_mask(br);
	}
	if (data.has(L.IFLA_BR_FDB_FLUSH)) br_fdb_flush(br);
	return br_mcast_changelink(br, data);
}

/**
 * Makes a bridge.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_netlink.c:1362 (v5.10)
 */
function br_dev_newlink(
	_src_net: net,
	dev: net_device,
	tb: nlattrs,
	data: nlattrs | null,
	extack: netlink_ext_ack | null,
): number {
	let err = register_netdevice(dev);
	if (err !== 0) return err;
	const addr = tb.get(L.IFLA_ADDRESS);
	if (addr instanceof Uint8Array) br_stp_change_bridge_id(br_priv(dev), addr);
	err = br_changelink(dev, tb, data, extack);
	if (err !== 0) br_dev_delete(dev, null);
	return err;
}

/**
 * Attributes that describe a bridge.
 * @kernel net/bridge/br_netlink.c:1441 (v5.10)
 */
function br_fill_info(brdev: net_device): nlattrs {
	const br = br_priv(brdev);
	const clock_t = (j: number): number => Math.floor((j * 100) / HZ);
	const gc = br.gc_work!.event;
	return new Map<number, nlattr_value>([
		[L.IFLA_BR_FORWARD_DELAY, clock_t(br.forward_delay)],
		[L.IFLA_BR_HELLO_TIME, clock_t(br.hello_time)],
		[L.IFLA_BR_MAX_AGE, clock_t(br.max_age)],
		[L.IFLA_BR_AGEING_TIME, clock_t(br.ageing_time)],
		[L.IFLA_BR_STP_STATE, 0],
		[L.IFLA_BR_PRIORITY, br.bridge_id.prio],
		[L.IFLA_BR_VLAN_FILTERING, br.vlan_enabled ? 1 : 0],
		[L.IFLA_BR_GROUP_FWD_MASK, br.group_fwd_mask],
		[L.IFLA_BR_BRIDGE_ID, id_bytes(br.bridge_id)],
		[L.IFLA_BR_ROOT_ID, id_bytes(br.designated_root)],
		[L.IFLA_BR_ROOT_PORT, br.root_port],
		[L.IFLA_BR_ROOT_PATH_COST, br.root_path_cost],
		[L.IFLA_BR_TOPOLOGY_CHANGE, br.topology_change],
		[L.IFLA_BR_TOPOLOGY_CHANGE_DETECTED, br.topology_change_detected],
		[L.IFLA_BR_HELLO_TIMER, 0],
		[L.IFLA_BR_TCN_TIMER, 0],
		[L.IFLA_BR_TOPOLOGY_CHANGE_TIMER, 0],
		[
			L.IFLA_BR_GC_TIMER,
			gc.index < 0 ? 0 : Math.max(0, Math.floor((gc.expires_ns - br.machine.now_ns) / 1e7)),
		],
		[L.IFLA_BR_GROUP_ADDR, br.group_addr.slice()],
		[L.IFLA_BR_VLAN_PROTOCOL, br.vlan_proto],
		[L.IFLA_BR_VLAN_DEFAULT_PVID, br.default_pvid],
		[L.IFLA_BR_VLAN_STATS_ENABLED, br.vlan_stats_enabled ? 1 : 0],
		[L.IFLA_BR_MCAST_ROUTER, br.multicast_router],
		[L.IFLA_BR_MCAST_SNOOPING, br.multicast_enabled ? 1 : 0],
		[L.IFLA_BR_MCAST_QUERY_USE_IFADDR, br.multicast_query_use_ifaddr ? 1 : 0],
		[L.IFLA_BR_MCAST_QUERIER, br.multicast_querier ? 1 : 0],
		[L.IFLA_BR_MCAST_STATS_ENABLED, br.multicast_stats_enabled ? 1 : 0],
		[L.IFLA_BR_MCAST_HASH_ELASTICITY, RHT_ELASTICITY],
		[L.IFLA_BR_MCAST_HASH_MAX, br.hash_max],
		[L.IFLA_BR_MCAST_LAST_MEMBER_CNT, br.multicast_last_member_count],
		[L.IFLA_BR_MCAST_STARTUP_QUERY_CNT, br.multicast_startup_query_count],
		[L.IFLA_BR_MCAST_IGMP_VERSION, br.multicast_igmp_version],
		[L.IFLA_BR_MCAST_MLD_VERSION, br.multicast_mld_version],
		[L.IFLA_BR_MCAST_LAST_MEMBER_INTVL, clock_t(br.multicast_last_member_interval)],
		[L.IFLA_BR_MCAST_MEMBERSHIP_INTVL, clock_t(br.multicast_membership_interval)],
		[L.IFLA_BR_MCAST_QUERIER_INTVL, clock_t(br.multicast_querier_interval)],
		[L.IFLA_BR_MCAST_QUERY_INTVL, clock_t(br.multicast_query_interval)],
		[L.IFLA_BR_MCAST_QUERY_RESPONSE_INTVL, clock_t(br.multicast_query_response_interval)],
		[L.IFLA_BR_MCAST_STARTUP_QUERY_INTVL, clock_t(br.multicast_startup_query_interval)],
	]);
}

const br_link_ops: rtnl_link_ops = {
	kind: 'bridge',
	setup: (dev) => {
		br_dev_setup(dev);
		dev.netdev_ops = br_bridge_netdev_ops;
	},
	validate: br_validate,
	newlink: br_dev_newlink,
	changelink: br_changelink,
	dellink: br_dev_delete,
	fill_info: br_fill_info,
	slave_changelink: br_port_slave_changelink,
	fill_slave_info: (_brdev, dev) => {
		const p = br_port_get_rtnl(dev);
		return p === null ? null : br_port_fill_attrs(p);
	},
};

/**
 * Registers the link kind.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_netlink.c:1716 (v5.10)
 */
export function br_netlink_init(m: Machine): number {
	br_mdb_init(m);
	return rtnl_link_register(m, br_link_ops);
}
