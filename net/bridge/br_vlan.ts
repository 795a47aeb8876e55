// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/bridge/br_vlan.c, base v5.10: VLAN filtering: who may send and receive which tag.
 *
 * br_vlan_find() stands in br_private.ts. Promiscuity of ports (br_port_set_promisc, br_port_clear_promisc,
 * br_manage_promisc of br_if.c) stands here, since switching the filter needs it and br_if.ts leans on this file.
 * Not ported: switchdev, tunnels, the RTM_*VLAN messages, per-port counters, what sysfs needs.
 */
import { ETH_ALEN, ETH_HLEN, ETH_P_8021AD, ETH_P_8021Q } from '../../include/uapi/linux/if_ether.ts';
import {
	IFF_UNICAST_FLT,
	is_vlan_dev,
	NETDEV_CHANGE,
	NETDEV_CHANGEUPPER,
	NETDEV_DOWN,
	netdev_notifier_changeupper_info,
	type netdev_notifier_info,
	NETDEV_REGISTER,
	NETDEV_UNREGISTER,
	NETDEV_UP,
	netif_carrier_ok,
	netif_oper_up,
	type net_device,
} from '../../include/linux/netdevice.ts';
import { IFF_PROMISC, IFF_UP } from '../../include/uapi/linux/if.ts';
import {
	__vlan_hwaccel_clear_tag,
	__vlan_hwaccel_put_tag,
	type sk_buff,
	skb_reset_mac_len,
	skb_vlan_tag_present,
} from '../../include/linux/skbuff.ts';
import { BR_TOPOLOGY_VLAN } from '../../include/net/br_topology.ts';
import type { netlink_ext_ack } from '../../include/net/netlink.ts';
import type { u16 } from '../../include/linux/types.ts';
import { VLAN_FLAG_BRIDGE_BINDING, vlan_dev_priv_of } from '../../include/linux/if_vlan.ts';
import { EINVAL, ENOENT, ENOMEM, EPROTONOSUPPORT } from '../../include/uapi/linux/errno.ts';
import {
	BR_STATE_FORWARDING,
	BRIDGE_VLAN_INFO_BRENTRY,
	BRIDGE_VLAN_INFO_MASTER,
	BRIDGE_VLAN_INFO_PVID,
	BRIDGE_VLAN_INFO_UNTAGGED,
} from '../../include/uapi/linux/if_bridge.ts';
import { vlan_vid_add, vlan_vid_del } from '../8021q/vlan.ts';
import { dev_set_promiscuity, netdev_walk_all_upper_dev_rcu } from '../core/dev.ts';
import {
	kfree_skb,
	skb_pull,
	skb_push,
	skb_vlan_untag,
	vlan_insert_tag_set_proto,
} from '../core/skbuff.ts';
import { netif_carrier_off, netif_carrier_on } from '../sched/sch_generic.ts';
import {
	br_fdb_delete_by_port,
	br_fdb_find_delete_local,
	br_fdb_insert,
	br_fdb_sync_static,
	br_fdb_unsync_static,
} from './br_fdb.ts';
import {
	br_auto_port,
	br_get_pvid,
	BR_GROUPFWD_8021AD,
	BR_GROUPFWD_DEFAULT,
	BR_INPUT_SKB_CB,
	br_priv,
	BR_PROMISC,
	br_promisc_port,
	br_vlan_find,
	br_vlan_get_tag,
	br_vlan_is_brentry,
	br_vlan_is_master,
	br_vlan_should_use,
	br_vlan_state_allowed,
	type net_bridge,
	type net_bridge_port,
	net_bridge_vlan,
	net_bridge_vlan_group,
} from './br_private.ts';
import { br_topology_bridge, br_topology_vlan } from './br_topology.ts';

/** What the receive check found: the VLAN id and the state that counts. */
export class br_ingress {
	vid: u16 = 0;
	state = 0;
}

/**
 * Makes a port see all frames.
 * @kernel net/bridge/br_if.c:92 (v5.10)
 */
function br_port_set_promisc(p: net_bridge_port): void {
	if (br_promisc_port(p)) return;
	if (dev_set_promiscuity(p.dev, 1) !== 0) return;
	br_fdb_unsync_static(p.br, p);
	p.flags |= BR_PROMISC;
}

/**
 * Makes a port see only frames for addresses it knows, when its device can filter.
 * @kernel net/bridge/br_if.c:107 (v5.10)
 */
function br_port_clear_promisc(p: net_bridge_port): void {
	if (!br_promisc_port(p) || (p.dev.priv_flags & IFF_UNICAST_FLT) === 0) return;
	if (br_fdb_sync_static(p.br, p) !== 0) return;
	dev_set_promiscuity(p.dev, -1);
	p.flags &= ~BR_PROMISC;
}

/**
 * Decides for all ports whether they see all frames.
 * @kernel net/bridge/br_if.c:135 (v5.10)
 */
export function br_manage_promisc(br: net_bridge): void {
	const set_all = (br.dev.flags & IFF_PROMISC) !== 0 || !br.vlan_enabled;
	for (const p of br.port_list) {
		if (set_all || !(br.auto_cnt === 0 || (br.auto_cnt === 1 && br_auto_port(p))))
			br_port_set_promisc(p);
		else br_port_clear_promisc(p);
	}
}

/**
 * Group that a VLAN belongs to.
 * @kernel PORT: the choice at the head of several functions in C
 */
function group_of(v: net_bridge_vlan): net_bridge_vlan_group {
	return (br_vlan_is_master(v) ? v.br!.vlgrp : v.port!.vlgrp)!;
}

/**
 * Makes a VLAN the one of untagged frames.
 * @returns whether that changed anything
 * @kernel net/bridge/br_vlan.c:37 (v5.10)
 */
function __vlan_add_pvid(vg: net_bridge_vlan_group, v: net_bridge_vlan): boolean {
	if (vg.pvid === v.vid) return false;
	vg.pvid_state = v.state;
	vg.pvid = v.vid;
	return true;
}

/**
 * Leaves untagged frames without a VLAN if this was theirs.
 * @returns whether that changed anything
 * @kernel net/bridge/br_vlan.c:50 (v5.10)
 */
function __vlan_delete_pvid(vg: net_bridge_vlan_group, vid: u16): boolean {
	if (vg.pvid !== vid) return false;
	vg.pvid = 0;
	return true;
}

/**
 * Sets a VLAN's flags.
 * @returns whether that changed anything
 * @kernel net/bridge/br_vlan.c:62 (v5.10)
 */
function __vlan_add_flags(v: net_bridge_vlan, flags: u16): boolean {
	const vg = group_of(v);
	const old_flags = v.flags;
	const ret =
		(flags & BRIDGE_VLAN_INFO_PVID) !== 0
			? __vlan_add_pvid(vg, v)
			: __vlan_delete_pvid(vg, v.vid);
	if ((flags & BRIDGE_VLAN_INFO_UNTAGGED) !== 0) v.flags |= BRIDGE_VLAN_INFO_UNTAGGED;
	else v.flags &= ~BRIDGE_VLAN_INFO_UNTAGGED;
	/* PORT: whoever caches ways through the bridge. */
	if (ret || old_flags !== v.flags) br_topology_vlan(v, BR_TOPOLOGY_VLAN);
	return ret || old_flags !== v.flags;
}

/**
 * Enters a VLAN into its group, in order of id.
 * @kernel net/bridge/br_vlan.c:102 (v5.10)
 */
function __vlan_add_list(v: net_bridge_vlan): void {
	const { vlan_list } = group_of(v);
	let i = vlan_list.length;
	while (i > 0 && v.vid < vlan_list[i - 1].vid) i--;
	vlan_list.splice(i, 0, v);
}

/**
 * Takes a VLAN out of its group.
 * @kernel net/bridge/br_vlan.c:124 (v5.10)
 */
function __vlan_del_list(v: net_bridge_vlan): void {
	const { vlan_list } = group_of(v);
	const i = vlan_list.indexOf(v);
	if (i >= 0) vlan_list.splice(i, 1);
}

/**
 * The bridge's VLAN that a port's leans on; made when it is not there.
 * @returns the VLAN with a reference, or null
 * @kernel net/bridge/br_vlan.c:147 (v5.10)
 */
function br_vlan_get_master(
	br: net_bridge,
	vid: u16,
	extack: netlink_ext_ack | null,
): net_bridge_vlan | null {
	let masterv = br_vlan_find(br.vlgrp, vid);
	if (masterv === null) {
		if (br_vlan_add(br, vid, 0, extack) < 0) return null;
		masterv = br_vlan_find(br.vlgrp, vid)!;
		masterv.refcnt = 1;
		return masterv;
	}
	masterv.refcnt++;
	return masterv;
}

/**
 * Lets go of a VLAN of the bridge; the last one ends it.
 * @kernel net/bridge/br_vlan.c:183 (v5.10)
 */
function br_vlan_put_master(masterv: net_bridge_vlan): void {
	if (!br_vlan_is_master(masterv)) return;
	if (--masterv.refcnt === 0) {
		group_of(masterv).vlan_hash.delete(masterv.vid);
		__vlan_del_list(masterv);
	}
}

/**
 * Adds a VLAN to a bridge or port.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_vlan.c:223 (v5.10)
 */
function __vlan_add(
	v: net_bridge_vlan,
	flags: u16,
	extack: netlink_ext_ack | null,
): number {
	const master = br_vlan_is_master(v);
	const p = master ? null : v.port!;
	const br = master ? v.br! : p!.br;
	const dev = p === null ? br.dev : p.dev;
	const vg = group_of(v);
	let err = 0;
	out_filt: {
		if (p !== null) {
			err = vlan_vid_add(dev, br.vlan_proto, v.vid);
			if (err !== 0) return err;
			if ((flags & BRIDGE_VLAN_INFO_MASTER) !== 0) {
				err = br_vlan_add(br, v.vid, flags | BRIDGE_VLAN_INFO_BRENTRY, extack);
				if (err < 0) break out_filt;
			}
			v.brvlan = br_vlan_get_master(br, v.vid, extack);
			if (v.brvlan === null) {
				err = -ENOMEM;
				break out_filt;
			}
		}
		if (br_vlan_should_use(v)) {
			err = br_fdb_insert(br, p, dev.dev_addr, v.vid);
			if (err !== 0) break out_filt;
			vg.num_vlans++;
		}
		v.state = BR_STATE_FORWARDING;
		vg.vlan_hash.set(v.vid, v);
		__vlan_add_list(v);
		__vlan_add_flags(v, flags);
		if (p !== null) nbp_vlan_set_vlan_dev_state(p, v.vid);
		return 0;
	}
	if (p !== null) {
		vlan_vid_del(dev, br.vlan_proto, v.vid);
		if (v.brvlan !== null) {
			br_vlan_put_master(v.brvlan);
			v.brvlan = null;
		}
	}
	return err;
}

/**
 * Removes a VLAN from a bridge or port.
 * @returns 0
 * @kernel net/bridge/br_vlan.c:340 (v5.10)
 */
function __vlan_del(v: net_bridge_vlan): number {
	const vg = group_of(v);
	const p = br_vlan_is_master(v) ? null : v.port!;
	const masterv = p === null ? v : v.brvlan!;
	__vlan_delete_pvid(vg, v.vid);
	if (p !== null) vlan_vid_del(p.dev, p.br.vlan_proto, v.vid);
	if (br_vlan_should_use(v)) {
		v.flags &= ~BRIDGE_VLAN_INFO_BRENTRY;
		vg.num_vlans--;
	}
	if (masterv !== v) {
		vg.vlan_hash.delete(v.vid);
		__vlan_del_list(v);
		nbp_vlan_set_vlan_dev_state(p!, v.vid);
	}
	br_vlan_put_master(masterv);
	/* PORT: whoever caches ways through the bridge. */
	br_topology_vlan(v, BR_TOPOLOGY_VLAN);
	return 0;
}

/**
 * Removes all VLANs of a group.
 * @kernel net/bridge/br_vlan.c:394 (v5.10)
 */
function __vlan_flush(vg: net_bridge_vlan_group): void {
	__vlan_delete_pvid(vg, vg.pvid);
	for (const v of vg.vlan_list.slice()) __vlan_del(v);
}

/**
 * Checks and prepares a packet for leaving by a port or the bridge: takes the tag off where it is untagged.
 * @returns the packet, or null when it was freed
 * @kernel net/bridge/br_vlan.c:421 (v5.10)
 */
export function br_handle_vlan(
	br: net_bridge,
	vg: net_bridge_vlan_group | null,
	skb: sk_buff,
): sk_buff | null {
	if (!BR_INPUT_SKB_CB(skb).vlan_filtered) return skb;
	const v = br_vlan_find(vg, Math.max(br_vlan_get_tag(skb), 0));
	if (v === null || !br_vlan_should_use(v)) {
		if ((br.dev.flags & IFF_PROMISC) !== 0 && skb.dev === br.dev) return skb;
		kfree_skb(skb);
		return null;
	}
	if (br.vlan_stats_enabled) {
		v.tx_bytes += skb.len;
		v.tx_packets++;
	}
	if ((v.flags & BRIDGE_VLAN_INFO_UNTAGGED) !== 0) __vlan_hwaccel_clear_tag(skb);
	return skb;
}

/**
 * Finds a received packet's VLAN and checks that it may come in by it.
 * @param res state in; VLAN id and state out
 * @returns the packet, or null when it was freed
 * @kernel net/bridge/br_vlan.c:474 (v5.10)
 */
function __allowed_ingress(
	br: net_bridge,
	vg: net_bridge_vlan_group | null,
	skb: sk_buff,
	res: br_ingress,
): sk_buff | null {
	BR_INPUT_SKB_CB(skb).vlan_filtered = true;
	if (!skb_vlan_tag_present(skb) && skb.protocol === br.vlan_proto) {
		const untagged = skb_vlan_untag(skb);
		if (untagged === null) return null;
		skb = untagged;
	}
	const tag = br_vlan_get_tag(skb);
	let tagged = tag >= 0;
	res.vid = Math.max(tag, 0);
	if (tagged && skb.vlan_proto !== br.vlan_proto) {
		/* A tag of the other kind is payload. */
		skb_push(skb, ETH_HLEN);
		const inside = vlan_insert_tag_set_proto(skb, skb.vlan_proto, skb.vlan_tci);
		if (inside === null) return null;
		skb = inside;
		skb_pull(skb, ETH_HLEN);
		skb_reset_mac_len(skb);
		res.vid = 0;
		tagged = false;
	}
	drop: {
		if (res.vid === 0) {
			const pvid = br_get_pvid(vg);
			if (pvid === 0) break drop;
			res.vid = pvid;
			if (!tagged) __vlan_hwaccel_put_tag(skb, br.vlan_proto, pvid);
			else skb.vlan_tci |= pvid;
			if (!br.vlan_stats_enabled) {
				if (res.state !== BR_STATE_FORWARDING) return skb;
				res.state = vg!.pvid_state;
				if (br_vlan_state_allowed(res.state, true)) return skb;
				break drop;
			}
		}
		const v = br_vlan_find(vg, res.vid);
		if (v === null || !br_vlan_should_use(v)) break drop;
		if (res.state === BR_STATE_FORWARDING) {
			res.state = v.state;
			if (!br_vlan_state_allowed(res.state, true)) break drop;
		}
		if (br.vlan_stats_enabled) {
			v.rx_bytes += skb.len;
			v.rx_packets++;
		}
		return skb;
	}
	kfree_skb(skb);
	return null;
}

/**
 * Checks that a packet may come in; without filtering all may, and the id stays 0.
 * @param res state in; VLAN id and state out
 * @returns the packet, or null when it was freed
 * @kernel net/bridge/br_vlan.c:577 (v5.10)
 */
export function br_allowed_ingress(
	br: net_bridge,
	vg: net_bridge_vlan_group | null,
	skb: sk_buff,
	res: br_ingress,
): sk_buff | null {
	if (!br.vlan_enabled) {
		BR_INPUT_SKB_CB(skb).vlan_filtered = false;
		return skb;
	}
	return __allowed_ingress(br, vg, skb, res);
}

/**
 * Tells whether a packet may leave by a group's port.
 * @kernel net/bridge/br_vlan.c:593 (v5.10)
 */
export function br_allowed_egress(vg: net_bridge_vlan_group | null, skb: sk_buff): boolean {
	if (!BR_INPUT_SKB_CB(skb).vlan_filtered) return true;
	const v = br_vlan_find(vg, Math.max(br_vlan_get_tag(skb), 0));
	return v !== null && br_vlan_should_use(v) && br_vlan_state_allowed(v.state, false);
}

/**
 * Tells whether a packet that is not forwarded may be learnt from.
 * @returns its VLAN id, or -1
 * @kernel net/bridge/br_vlan.c:613 (v5.10)
 */
export function br_should_learn(p: net_bridge_port, skb: sk_buff): number {
	const { br } = p;
	if (!br.vlan_enabled) return 0;
	const vg = p.vlgrp;
	if (vg === null || vg.num_vlans === 0) return -1;
	const tag = br_vlan_get_tag(skb);
	let vid = Math.max(tag, 0);
	if (tag >= 0 && skb.vlan_proto !== br.vlan_proto) vid = 0;
	if (vid === 0) {
		vid = br_get_pvid(vg);
		return vid !== 0 && br_vlan_state_allowed(vg.pvid_state, true) ? vid : -1;
	}
	const v = br_vlan_find(vg, vid);
	return v !== null && br_vlan_state_allowed(v.state, true) ? vid : -1;
}

/**
 * Changes a VLAN that the bridge has, perhaps only for its ports.
 * @returns 1 when something changed, 0 when not, or a negative errno
 * @kernel net/bridge/br_vlan.c:646 (v5.10)
 */
function br_vlan_add_existing(
	br: net_bridge,
	vg: net_bridge_vlan_group,
	vlan: net_bridge_vlan,
	flags: u16,
): number {
	let changed = 0;
	if (!br_vlan_is_brentry(vlan)) {
		if ((flags & BRIDGE_VLAN_INFO_BRENTRY) === 0) return -EINVAL;
		const err = br_fdb_insert(br, null, br.dev.dev_addr, vlan.vid);
		if (err !== 0) return err;
		vlan.refcnt++;
		vlan.flags |= BRIDGE_VLAN_INFO_BRENTRY;
		vg.num_vlans++;
		changed = 1;
	}
	return __vlan_add_flags(vlan, flags) ? 1 : changed;
}

/**
 * Adds a VLAN to the bridge.
 * @param flags BRIDGE_VLAN_INFO_*
 * @returns 1 when something changed, 0 when not, or a negative errno
 * @kernel net/bridge/br_vlan.c:693 (v5.10)
 */
export function br_vlan_add(
	br: net_bridge,
	vid: u16,
	flags: u16,
	extack: netlink_ext_ack | null,
): number {
	const vg = br.vlgrp!;
	const old = br_vlan_find(vg, vid);
	if (old !== null) return br_vlan_add_existing(br, vg, old, flags);
	const vlan = new net_bridge_vlan(vid);
	vlan.flags = (flags | BRIDGE_VLAN_INFO_MASTER) & ~BRIDGE_VLAN_INFO_PVID;
	vlan.br = br;
	if ((flags & BRIDGE_VLAN_INFO_BRENTRY) !== 0) vlan.refcnt = 1;
	const ret = __vlan_add(vlan, flags, extack);
	return ret !== 0 ? ret : 1;
}

/**
 * Removes a VLAN from the bridge.
 * @returns 0 or -ENOENT
 * @kernel net/bridge/br_vlan.c:738 (v5.10)
 */
export function br_vlan_delete(br: net_bridge, vid: u16): number {
	const v = br_vlan_find(br.vlgrp, vid);
	if (v === null || !br_vlan_is_brentry(v)) return -ENOENT;
	br_fdb_find_delete_local(br, null, br.dev.dev_addr, vid);
	br_fdb_delete_by_port(br, null, vid, false);
	return __vlan_del(v);
}

/**
 * Removes all VLANs of the bridge.
 * @kernel net/bridge/br_vlan.c:758 (v5.10)
 */
export function br_vlan_flush(br: net_bridge): void {
	if (br.vlgrp !== null) __vlan_flush(br.vlgrp);
	br.vlgrp = null;
}

/**
 * Sets the address that bridges talk to each other by.
 * @kernel net/bridge/br_vlan.c:780 (v5.10)
 */
function recalculate_group_addr(br: net_bridge): void {
	if (br.group_addr_set) return;
	br.group_addr[ETH_ALEN - 1] = !br.vlan_enabled || br.vlan_proto === ETH_P_8021Q ? 0x00 : 0x08;
}

/**
 * Sets which link-local groups are forwarded.
 * @kernel net/bridge/br_vlan.c:798 (v5.10)
 */
export function br_recalculate_fwd_mask(br: net_bridge): void {
	br.group_fwd_mask_required =
		!br.vlan_enabled || br.vlan_proto === ETH_P_8021Q
			? BR_GROUPFWD_DEFAULT
			: BR_GROUPFWD_8021AD & ~(1 << br.group_addr[5]);
}

/**
 * Switches filtering on or off.
 * @returns 0
 * @kernel net/bridge/br_vlan.c:833 (v5.10)
 */
export function br_vlan_filter_toggle(br: net_bridge, val: boolean): number {
	if (br.vlan_enabled === val) return 0;
	br.vlan_enabled = val;
	br_manage_promisc(br);
	recalculate_group_addr(br);
	br_recalculate_fwd_mask(br);
	/* PORT: whoever caches ways through the bridge. */
	br_topology_bridge(br, BR_TOPOLOGY_VLAN);
	return 0;
}

/**
 * Sets the tag type that the bridge filters by.
 * @param proto ethertype
 * @returns 0 or -EPROTONOSUPPORT
 * @kernel net/bridge/br_vlan.c:905 (v5.10)
 */
export function br_vlan_set_proto(br: net_bridge, proto: number): number {
	if (proto !== ETH_P_8021Q && proto !== ETH_P_8021AD) return -EPROTONOSUPPORT;
	const next = proto === ETH_P_8021Q ? ETH_P_8021Q : ETH_P_8021AD;
	if (br.vlan_proto === next) return 0;
	const old = br.vlan_proto;
	for (const p of br.port_list)
		for (const v of p.vlgrp?.vlan_list ?? []) vlan_vid_add(p.dev, next, v.vid);
	br.vlan_proto = next;
	recalculate_group_addr(br);
	br_recalculate_fwd_mask(br);
	for (const p of br.port_list)
		for (const v of p.vlgrp?.vlan_list ?? []) vlan_vid_del(p.dev, old, v.vid);
	/* PORT: whoever caches ways through the bridge. */
	br_topology_bridge(br, BR_TOPOLOGY_VLAN);
	return 0;
}

/**
 * Tells whether a VLAN is the default one as the bridge set it.
 * @kernel net/bridge/br_vlan.c:951 (v5.10)
 */
function vlan_default_pvid(vg: net_bridge_vlan_group | null, vid: u16): boolean {
	if (vid !== br_get_pvid(vg)) return false;
	const v = br_vlan_find(vg, vid);
	return v !== null && br_vlan_should_use(v) && (v.flags & BRIDGE_VLAN_INFO_UNTAGGED) !== 0;
}

/**
 * Takes the default VLAN away everywhere.
 * @kernel net/bridge/br_vlan.c:966 (v5.10)
 */
function br_vlan_disable_default_pvid(br: net_bridge): void {
	const pvid = br.default_pvid;
	if (vlan_default_pvid(br.vlgrp, pvid)) br_vlan_delete(br, pvid);
	for (const p of br.port_list) if (vlan_default_pvid(p.vlgrp, pvid)) nbp_vlan_delete(p, pvid);
	br.default_pvid = 0;
}

/**
 * Changes the default VLAN everywhere it is in use.
 * @param pvid 0 for none
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_vlan.c:988 (v5.10)
 */
export function __br_vlan_set_default_pvid(
	br: net_bridge,
	pvid: u16,
	extack: netlink_ext_ack | null,
): number {
	if (pvid === 0) {
		br_vlan_disable_default_pvid(br);
		return 0;
	}
	const old_pvid = br.default_pvid;
	const flags = BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED;
	const fits = (vg: net_bridge_vlan_group | null): boolean =>
		!((old_pvid !== 0 && !vlan_default_pvid(vg, old_pvid)) || br_vlan_find(vg, pvid) !== null);
	const vent = br_vlan_find(br.vlgrp, pvid);
	if (
		!((old_pvid !== 0 && !vlan_default_pvid(br.vlgrp, old_pvid)) ||
		(vent !== null && br_vlan_should_use(vent)))
	) {
		const err = br_vlan_add(br, pvid, flags | BRIDGE_VLAN_INFO_BRENTRY, extack);
		if (err < 0) return err;
		if (old_pvid !== 0) br_vlan_delete(br, old_pvid);
	}
	for (const p of br.port_list) {
		if (!fits(p.vlgrp)) continue;
		const err = nbp_vlan_add(p, pvid, flags, extack);
		if (err < 0) return err;
		if (old_pvid !== 0) nbp_vlan_delete(p, old_pvid);
	}
	br.default_pvid = pvid;
	return 0;
}

/**
 * Gives a new bridge its VLANs.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_vlan.c:1112 (v5.10)
 */
export function br_vlan_init(br: net_bridge): number {
	br.vlgrp = new net_bridge_vlan_group();
	br.vlan_proto = ETH_P_8021Q;
	br.default_pvid = 1;
	return 0;
}

/**
 * Gives a new port its VLANs.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_vlan.c:1142 (v5.10)
 */
export function nbp_vlan_init(p: net_bridge_port, extack: netlink_ext_ack | null): number {
	p.vlgrp = new net_bridge_vlan_group();
	const { default_pvid } = p.br;
	if (default_pvid === 0) return 0;
	const ret = nbp_vlan_add(
		p,
		default_pvid,
		BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED,
		extack,
	);
	if (ret < 0) {
		p.vlgrp = null;
		return ret;
	}
	return 0;
}

/**
 * Adds a VLAN to a port.
 * @param flags BRIDGE_VLAN_INFO_*
 * @returns 1 when something changed, 0 when not, or a negative errno
 * @kernel net/bridge/br_vlan.c:1200 (v5.10)
 */
export function nbp_vlan_add(
	port: net_bridge_port,
	vid: u16,
	flags: u16,
	extack: netlink_ext_ack | null,
): number {
	const old = br_vlan_find(port.vlgrp, vid);
	if (old !== null) return __vlan_add_flags(old, flags) ? 1 : 0;
	const vlan = new net_bridge_vlan(vid);
	vlan.port = port;
	const ret = __vlan_add(vlan, flags, extack);
	return ret !== 0 ? ret : 1;
}

/**
 * Removes a VLAN from a port.
 * @returns 0 or -ENOENT
 * @kernel net/bridge/br_vlan.c:1238 (v5.10)
 */
export function nbp_vlan_delete(port: net_bridge_port, vid: u16): number {
	const v = br_vlan_find(port.vlgrp, vid);
	if (v === null) return -ENOENT;
	br_fdb_find_delete_local(port.br, port, port.dev.dev_addr, vid);
	br_fdb_delete_by_port(port.br, port, vid, false);
	return __vlan_del(v);
}

/**
 * Removes all VLANs of a port.
 * @kernel net/bridge/br_vlan.c:1253 (v5.10)
 */
export function nbp_vlan_flush(port: net_bridge_port): void {
	if (port.vlgrp !== null) __vlan_flush(port.vlgrp);
	port.vlgrp = null;
}

/**
 * Tells whether a device is a VLAN whose carrier follows the bridge's ports.
 * @kernel net/bridge/br_vlan.c:1358 (v5.10)
 */
function br_vlan_is_bind_vlan_dev(dev: net_device): boolean {
	return is_vlan_dev(dev) && (vlan_dev_priv_of(dev).flags & VLAN_FLAG_BRIDGE_BINDING) !== 0;
}

/**
 * The same as an answer to a walk.
 * @returns 1 when it is one
 * @kernel net/bridge/br_vlan.c:1364 (v5.10)
 */
function br_vlan_is_bind_vlan_dev_fn(dev: net_device): number {
	return br_vlan_is_bind_vlan_dev(dev) ? 1 : 0;
}

/**
 * Tells whether such a VLAN stands above a bridge.
 * @kernel net/bridge/br_vlan.c:1370 (v5.10)
 */
function br_vlan_has_upper_bind_vlan_dev(dev: net_device): boolean {
	return netdev_walk_all_upper_dev_rcu(dev, br_vlan_is_bind_vlan_dev_fn, null) !== 0;
}

/** A VLAN id that is looked for and the device found. */
class br_vlan_bind_walk_data {
	vid: u16;
	result: net_device | null = null;

	constructor(vid: u16) {
		this.vid = vid;
	}
}

/**
 * Finds the device of a VLAN id.
 * @returns 1 when this is it
 * @kernel net/bridge/br_vlan.c:1387 (v5.10)
 */
function br_vlan_match_bind_vlan_dev_fn(dev: net_device, data: br_vlan_bind_walk_data): number {
	if (!br_vlan_is_bind_vlan_dev(dev) || vlan_dev_priv_of(dev).vlan_id !== data.vid) return 0;
	data.result = dev;
	return 1;
}

/**
 * Device above a bridge whose carrier follows the ports of a VLAN.
 * @kernel net/bridge/br_vlan.c:1403 (v5.10)
 */
function br_vlan_get_upper_bind_vlan_dev(dev: net_device, vid: u16): net_device | null {
	const data = new br_vlan_bind_walk_data(vid);
	netdev_walk_all_upper_dev_rcu(dev, br_vlan_match_bind_vlan_dev_fn, data);
	return data.result;
}

/**
 * Tells whether a port's device can send.
 * @kernel net/bridge/br_vlan.c:1420 (v5.10)
 */
function br_vlan_is_dev_up(dev: net_device): boolean {
	return (dev.flags & IFF_UP) !== 0 && netif_oper_up(dev);
}

/**
 * Gives a VLAN device carrier when a port of its VLAN is up, takes it when none is.
 * @kernel net/bridge/br_vlan.c:1425 (v5.10)
 */
function br_vlan_set_vlan_dev_state(br: net_bridge, vlan_dev: net_device): void {
	const vid = vlan_dev_priv_of(vlan_dev).vlan_id;
	let has_carrier = false;

	if (!netif_carrier_ok(br.dev)) {
		netif_carrier_off(vlan_dev);
		return;
	}

	for (const p of br.port_list) {
		if (br_vlan_find(p.vlgrp, vid) !== null && br_vlan_is_dev_up(p.dev)) {
			has_carrier = true;
			break;
		}
	}

	if (has_carrier) netif_carrier_on(vlan_dev);
	else netif_carrier_off(vlan_dev);
}

/**
 * Tells the VLAN devices of a port's VLANs that the port changed.
 * @kernel net/bridge/br_vlan.c:1452 (v5.10)
 */
function br_vlan_set_all_vlan_dev_state(p: net_bridge_port): void {
	if (p.vlgrp === null) return;
	for (const vlan of p.vlgrp.vlan_list) {
		const vlan_dev = br_vlan_get_upper_bind_vlan_dev(p.br.dev, vlan.vid);
		if (vlan_dev === null) continue;
		if (!br_vlan_is_dev_up(p.dev)) br_vlan_set_vlan_dev_state(p.br, vlan_dev);
		else if (netif_carrier_ok(p.br.dev)) netif_carrier_on(vlan_dev);
	}
}

/**
 * A device above the bridge came or went.
 * @kernel net/bridge/br_vlan.c:1472 (v5.10)
 */
function br_vlan_upper_change(dev: net_device, upper_dev: net_device, linking: boolean): void {
	const br = br_priv(dev);

	if (!br_vlan_is_bind_vlan_dev(upper_dev)) return;

	if (linking) {
		br_vlan_set_vlan_dev_state(br, upper_dev);
		br.vlan_bridge_binding = true;
	} else {
		br.vlan_bridge_binding = br_vlan_has_upper_bind_vlan_dev(dev);
	}
}

/**
 * Tells a device above the bridge that the bridge changed.
 * @returns 0: go on
 * @kernel net/bridge/br_vlan.c:1494 (v5.10)
 */
function br_vlan_link_state_change_fn(vlan_dev: net_device, br: net_bridge): number {
	if (br_vlan_is_bind_vlan_dev(vlan_dev)) br_vlan_set_vlan_dev_state(br, vlan_dev);
	return 0;
}

/**
 * The bridge came up or its carrier changed.
 * @kernel net/bridge/br_vlan.c:1505 (v5.10)
 */
function br_vlan_link_state_change(dev: net_device, br: net_bridge): void {
	netdev_walk_all_upper_dev_rcu(dev, br_vlan_link_state_change_fn, br);
}

/**
 * A port entered or left a VLAN.
 * @kernel net/bridge/br_vlan.c:1522 (v5.10)
 */
function nbp_vlan_set_vlan_dev_state(p: net_bridge_port, vid: u16): void {
	if (!p.br.vlan_bridge_binding) return;

	const vlan_dev = br_vlan_get_upper_bind_vlan_dev(p.br.dev, vid);
	if (vlan_dev !== null) br_vlan_set_vlan_dev_state(p.br, vlan_dev);
}

/**
 * Handles an event of the bridge device.
 * @param event NETDEV_*
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_vlan.c:1535 (v5.10)
 */
export function br_vlan_bridge_event(
	dev: net_device,
	event: number,
	info: netdev_notifier_info,
): number {
	const br = br_priv(dev);
	let ret = 0;

	switch (event) {
		case NETDEV_REGISTER:
			ret = br_vlan_add(
				br,
				br.default_pvid,
				BRIDGE_VLAN_INFO_PVID |
					BRIDGE_VLAN_INFO_UNTAGGED |
					BRIDGE_VLAN_INFO_BRENTRY,
				null,
			);
			break;
		case NETDEV_UNREGISTER:
			br_vlan_delete(br, br.default_pvid);
			break;
		case NETDEV_CHANGEUPPER:
			if (info instanceof netdev_notifier_changeupper_info)
				br_vlan_upper_change(dev, info.upper_dev, info.linking);
			break;

		case NETDEV_CHANGE:
		case NETDEV_UP:
			if (!br.vlan_bridge_binding) break;
			br_vlan_link_state_change(dev, br);
			break;
	}

	return ret < 0 ? ret : 0;
}

/**
 * Handles an event of a port's device.
 * @param event NETDEV_*
 * @kernel net/bridge/br_vlan.c:1573 (v5.10)
 */
export function br_vlan_port_event(p: net_bridge_port, event: number): void {
	if (!p.br.vlan_bridge_binding) return;

	switch (event) {
		case NETDEV_CHANGE:
		case NETDEV_DOWN:
		case NETDEV_UP:
			br_vlan_set_all_vlan_dev_state(p);
			break;
	}
}
