/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net/bridge/br_private.h, base v5.10: the bridge, its ports, forwarding entries and VLANs.
 *
 * PORT: options that are bits in C are fields. Look-ups that all files of the bridge need stand here, where
 * the C has them in br_fdb.c and br_vlan.c.
 * Not ported: multicast snooping, MRP, switchdev, VLAN tunnels, netpoll, proxy ARP and neighbour suppression,
 * sysfs: nothing of this world asks for them.
 */
import type { Machine } from '../../include/linux/machine.ts';
import {
	IFF_BRIDGE_PORT,
	type net_device,
	netdev_priv,
} from '../../include/linux/netdevice.ts';
import { rhash_head, rhashtable, rhashtable_lookup } from '../../include/linux/rhashtable.ts';
import { br_input_skb_cb, type sk_buff } from '../../include/linux/skbuff.ts';
import type { timer_list } from '../../include/linux/timer.ts';
import type { __be16, u16 } from '../../include/linux/types.ts';
import type { delayed_work } from '../../include/linux/workqueue.ts';
import { ETH_P_8021Q } from '../../include/uapi/linux/if_ether.ts';
import { BR_STATE_DISABLED, BR_STATE_FORWARDING, BR_STATE_LEARNING, BRIDGE_VLAN_INFO_BRENTRY, BRIDGE_VLAN_INFO_MASTER } from '../../include/uapi/linux/if_bridge.ts';

export const BR_PORT_BITS = 10;
export const BR_MAX_PORTS = 1 << BR_PORT_BITS;
export const BR_GROUPFWD_DEFAULT = 0;
export const BR_GROUPFWD_RESTRICTED = 1 | 2 | 4;
export const BR_GROUPFWD_8021AD = 0xb801;
export const BR_DEFAULT_AGEING_TIME_S = 300;

/* enum br_pkt_type */
export const BR_PKT_UNICAST = 0;
export const BR_PKT_MULTICAST = 1;
export const BR_PKT_BROADCAST = 2;

/* include/linux/if_bridge.h: port flags */
export const BR_HAIRPIN_MODE = 1 << 0;
export const BR_BPDU_GUARD = 1 << 1;
export const BR_ROOT_BLOCK = 1 << 2;
export const BR_MULTICAST_FAST_LEAVE = 1 << 3;
export const BR_ADMIN_COST = 1 << 4;
export const BR_LEARNING = 1 << 5;
export const BR_FLOOD = 1 << 6;
export const BR_AUTO_MASK = BR_FLOOD | BR_LEARNING;
export const BR_PROMISC = 1 << 7;
export const BR_MCAST_FLOOD = 1 << 11;
export const BR_BCAST_FLOOD = 1 << 14;
export const BR_ISOLATED = 1 << 16;

/* bits of fdb.flags */
export const BR_FDB_LOCAL = 1 << 0;
export const BR_FDB_STATIC = 1 << 1;
export const BR_FDB_STICKY = 1 << 2;
export const BR_FDB_ADDED_BY_USER = 1 << 3;
export const BR_FDB_ADDED_BY_EXT_LEARN = 1 << 4;
export const BR_FDB_OFFLOADED = 1 << 5;

/** A VLAN of a bridge (MASTER) or of one port. */
export class net_bridge_vlan {
	readonly vid: u16;
	/** BRIDGE_VLAN_INFO_* */
	flags = 0;
	/** BR_STATE_* of this VLAN on the port. */
	state = BR_STATE_FORWARDING;
	rx_packets = 0;
	rx_bytes = 0;
	tx_packets = 0;
	tx_bytes = 0;
	/** Set on VLANs of the bridge. */
	br: net_bridge | null = null;
	/** Set on VLANs of a port. */
	port: net_bridge_port | null = null;
	/** The bridge's VLAN that a port's belongs to. */
	brvlan: net_bridge_vlan | null = null;
	refcnt = 0;

	constructor(vid: u16) {
		this.vid = vid;
	}
}

/** VLANs of a bridge or port. */
export class net_bridge_vlan_group {
	readonly vlan_hash = new Map<number, net_bridge_vlan>();
	/** In ascending order of id. */
	readonly vlan_list: net_bridge_vlan[] = [];
	num_vlans = 0;
	pvid: u16 = 0;
	pvid_state = 0;
}

/** A forwarding entry; the key is MAC and VLAN id in two words. */
export class net_bridge_fdb_entry extends rhash_head {
	/** Port behind which the station is, null for the bridge itself. */
	dst: net_bridge_port | null;
	/** BR_FDB_* */
	flags: number;
	/** Jiffies of the last frame from it, and of the last frame to it. */
	updated: number;
	used: number;
	fdb_next: net_bridge_fdb_entry | null = null;
	fdb_prev: net_bridge_fdb_entry | null = null;
	readonly addr = new Uint8Array(6);
	readonly vlan_id: u16;

	constructor(dst: net_bridge_port | null, addr: Uint8Array, off: number, vid: u16, flags: number, now: number) {
		super(new Int32Array(2));
		this.dst = dst;
		this.flags = flags;
		this.updated = now;
		this.used = now;
		for (let i = 0; i < 6; i++) this.addr[i] = addr[off + i];
		this.vlan_id = vid;
		fdb_key(this.key, addr, off, vid);
	}
}

/**
 * Writes a MAC and a VLAN id as key words.
 * @kernel PORT: struct net_bridge_fdb_key
 */
function fdb_key(key: Int32Array, addr: Uint8Array, off: number, vid: u16): void {
	key[0] = (addr[off] << 24) | (addr[off + 1] << 16) | (addr[off + 2] << 8) | addr[off + 3];
	key[1] = (addr[off + 4] << 24) | (addr[off + 5] << 16) | vid;
}

/** Identity of a bridge in the spanning tree. */
export class bridge_id {
	prio: u16 = 0x8000;
	readonly addr = new Uint8Array(6);
}

/** A port of a bridge. */
export class net_bridge_port {
	br: net_bridge;
	dev: net_device;
	/** BR_* */
	flags = 0;
	vlgrp: net_bridge_vlan_group | null = null;
	backup_port: net_bridge_port | null = null;
	backup_redirected_cnt = 0;
	priority = 0x8000 >> BR_PORT_BITS;
	/** BR_STATE_* */
	state = BR_STATE_DISABLED;
	port_no: u16 = 0;
	topology_change_ack = 0;
	config_pending = 0;
	port_id: u16 = 0;
	designated_port: u16 = 0;
	readonly designated_root = new bridge_id();
	readonly designated_bridge = new bridge_id();
	path_cost = 0;
	designated_cost = 0;
	group_fwd_mask: u16 = 0;

	constructor(br: net_bridge, dev: net_device) {
		this.br = br;
		this.dev = dev;
	}
}

/** A bridge. */
export class net_bridge {
	dev: net_device;
	readonly machine: Machine;
	rx_packets = 0;
	rx_bytes = 0;
	tx_packets = 0;
	tx_bytes = 0;
	/* options */
	vlan_enabled = false;
	vlan_stats_enabled = false;
	mtu_set_by_user = false;
	group_addr_set = false;
	no_ll_learn = false;

	vlan_proto: __be16 = ETH_P_8021Q;
	default_pvid: u16 = 1;
	vlgrp: net_bridge_vlan_group | null = null;
	readonly port_list: net_bridge_port[] = [];
	readonly fdb_hash_tbl: rhashtable<net_bridge_fdb_entry>;
	/** Newest first. */
	fdb_list: net_bridge_fdb_entry | null = null;
	/** Key of the look-up at hand. */
	readonly fdb_scratch_key = new Int32Array(2);

	group_fwd_mask: u16 = BR_GROUPFWD_DEFAULT;
	group_fwd_mask_required: u16 = BR_GROUPFWD_DEFAULT;
	readonly designated_root = new bridge_id();
	readonly bridge_id = new bridge_id();
	topology_change = 0;
	topology_change_detected = 0;
	root_port: u16 = 0;
	root_path_cost = 0;
	/** Jiffies. */
	max_age: number;
	hello_time: number;
	forward_delay: number;
	ageing_time: number;
	bridge_max_age: number;
	bridge_hello_time: number;
	bridge_forward_delay: number;
	bridge_ageing_time: number;
	readonly group_addr = Uint8Array.of(0x01, 0x80, 0xc2, 0, 0, 0);
	topology_change_timer: timer_list | null = null;
	gc_work: delayed_work | null = null;
	/** Ports that learn and flood by themselves. */
	auto_cnt = 0;

	constructor(dev: net_device, HZ: number) {
		this.dev = dev;
		this.machine = dev.machine;
		this.fdb_hash_tbl = new rhashtable(2, dev.machine.random_u32());
		this.bridge_max_age = this.max_age = 20 * HZ;
		this.bridge_hello_time = this.hello_time = 2 * HZ;
		this.bridge_forward_delay = this.forward_delay = 15 * HZ;
		this.bridge_ageing_time = this.ageing_time = BR_DEFAULT_AGEING_TIME_S * HZ;
	}
}

/**
 * Control block of a packet on its way through a bridge.
 * @kernel net/bridge/br_private.h:510 (v5.10)
 */
export function BR_INPUT_SKB_CB(skb: sk_buff): br_input_skb_cb {
	return (skb.brcb ??= new br_input_skb_cb());
}

/**
 * Port of a device that is one.
 * @kernel net/bridge/br_private.h:347 (v5.10)
 */
export function br_port_get_rcu(dev: net_device): net_bridge_port | null {
	return dev.rx_handler_data as net_bridge_port | null;
}

/**
 * Port of a device, null when it is none.
 * @kernel net/bridge/br_private.h:352 (v5.10)
 */
export function br_port_get_rtnl(dev: net_device): net_bridge_port | null {
	return (dev.priv_flags & IFF_BRIDGE_PORT) !== 0 ? br_port_get_rcu(dev) : null;
}

/**
 * Bridge behind a bridge device.
 * @kernel PORT: netdev_priv of a bridge device
 */
export function br_priv(dev: net_device): net_bridge {
	return netdev_priv<net_bridge>(dev);
}

/**
 * Tells whether a port learns and floods.
 * @kernel net/bridge/br_private.h:344 (v5.10)
 */
export function br_auto_port(p: net_bridge_port): boolean {
	return (p.flags & BR_AUTO_MASK) === BR_AUTO_MASK;
}

/**
 * Tells whether the bridge made a port promiscuous.
 * @kernel net/bridge/br_private.h:345 (v5.10)
 */
export function br_promisc_port(p: net_bridge_port): boolean {
	return (p.flags & BR_PROMISC) !== 0;
}

/**
 * Tells whether neither end of a packet's way lets isolated ports talk.
 * @kernel net/bridge/br_private.h:733 (v5.10)
 */
export function br_skb_isolated(to: net_bridge_port, skb: sk_buff): boolean {
	return BR_INPUT_SKB_CB(skb).src_port_isolated && (to.flags & BR_ISOLATED) !== 0;
}

/**
 * Tells whether a VLAN belongs to the bridge rather than a port.
 * @kernel net/bridge/br_private.h:540 (v5.10)
 */
export function br_vlan_is_master(v: net_bridge_vlan): boolean {
	return (v.flags & BRIDGE_VLAN_INFO_MASTER) !== 0;
}

/**
 * Tells whether the bridge itself is in a VLAN.
 * @kernel net/bridge/br_private.h:546 (v5.10)
 */
export function br_vlan_is_brentry(v: net_bridge_vlan): boolean {
	return (v.flags & BRIDGE_VLAN_INFO_BRENTRY) !== 0;
}

/**
 * Tells whether a VLAN passes traffic: one of the bridge may be there for its ports only.
 * @kernel net/bridge/br_private.h:552 (v5.10)
 */
export function br_vlan_should_use(v: net_bridge_vlan): boolean {
	return !br_vlan_is_master(v) || br_vlan_is_brentry(v);
}

/**
 * Finds a VLAN in a group.
 * @kernel PORT: net/bridge/br_vlan.c:714 br_vlan_find
 */
export function br_vlan_find(vg: net_bridge_vlan_group | null, vid: u16): net_bridge_vlan | null {
	return vg?.vlan_hash.get(vid) ?? null;
}

/**
 * VLAN id in the tag beside a packet.
 * @returns the id, or -1 without a tag (0 is then the id)
 * @kernel net/bridge/br_private.h:1125 (v5.10)
 */
export function br_vlan_get_tag(skb: sk_buff): number {
	return skb.vlan_present ? skb.vlan_tci & 0x0fff : -1;
}

/**
 * Id that untagged frames of a group get, 0 for none.
 * @kernel net/bridge/br_private.h:1139 (v5.10)
 */
export function br_get_pvid(vg: net_bridge_vlan_group | null): u16 {
	return vg?.pvid ?? 0;
}

/**
 * Tells whether a state lets frames pass.
 * @param learn_allow whether learning is enough
 * @kernel net/bridge/br_private.h:1354 (v5.10)
 */
export function br_vlan_state_allowed(state: number, learn_allow: boolean): boolean {
	return state === BR_STATE_FORWARDING || (state === BR_STATE_LEARNING && learn_allow);
}

/**
 * Finds a forwarding entry.
 * @param addr buffer with the MAC at off
 * @kernel PORT: net/bridge/br_fdb.c:153 br_fdb_find_rcu
 */
export function br_fdb_find_rcu(
	br: net_bridge,
	addr: Uint8Array,
	off: number,
	vid: u16,
): net_bridge_fdb_entry | null {
	const key = br.fdb_scratch_key;
	fdb_key(key, addr, off, vid);
	return rhashtable_lookup(br.fdb_hash_tbl, key);
}
