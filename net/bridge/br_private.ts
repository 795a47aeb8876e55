/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net/bridge/br_private.h, base v5.10: the bridge, its ports, forwarding entries and VLANs.
 *
 * PORT: options that are bits in C are fields. Look-ups that all files of the bridge need stand here, where
 * the C has them in br_fdb.c and br_vlan.c; so do br_multicast_count() and its helper, which br_forward.ts needs
 * and br_multicast.ts leans on. Lists that C keeps in the order of their ports' addresses in memory are in the
 * order of net_bridge_port.order. br_multicast.ts announces its entries through br_mdb_ops, since br_mdb.ts stands
 * on top of it.
 * Not ported: MRP, switchdev, VLAN tunnels, netpoll, proxy ARP and neighbour suppression,
 * sysfs: nothing of this world asks for them.
 */
import { get_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import { br_ip, BR_IP_WORDS } from '../../include/linux/if_bridge.ts';
import { ipv4_is_zeronet } from '../../include/linux/in.ts';
import { hlist_head, hlist_node } from '../../include/linux/list.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import {
	IFF_BRIDGE_PORT,
	type net_device,
	netdev_priv,
} from '../../include/linux/netdevice.ts';
import { jhash_2words } from '../../include/linux/jhash.ts';
import {
	rhash_head,
	rhash_words_head,
	rhashtable,
	rhashtable_lookup,
	rhashtable_params,
	rhashtable_words,
} from '../../include/linux/rhashtable.ts';
import {
	br_input_skb_cb,
	type sk_buff,
	skb_network_header_len,
	skb_transport_offset,
} from '../../include/linux/skbuff.ts';
import { timer_list, timer_pending } from '../../include/linux/timer.ts';
import type { __be16, u16 } from '../../include/linux/types.ts';
import { type delayed_work, work_struct } from '../../include/linux/workqueue.ts';
import { MLD_MSG_LEN } from '../../include/net/mld.ts';
import {
	ICMPV6_MGM_QUERY,
	ICMPV6_MGM_REDUCTION,
	ICMPV6_MGM_REPORT,
	ICMPV6_MLD2_REPORT,
} from '../../include/uapi/linux/icmpv6.ts';
import { ETH_P_8021Q, ETH_P_IP, ETH_P_IPV6 } from '../../include/uapi/linux/if_ether.ts';
import {
	BR_STATE_DISABLED,
	BR_STATE_FORWARDING,
	BR_STATE_LEARNING,
	br_mcast_stats,
	BRIDGE_VLAN_INFO_BRENTRY,
	BRIDGE_VLAN_INFO_MASTER,
	MDB_RTR_TYPE_PERM,
	MDB_RTR_TYPE_TEMP_QUERY,
} from '../../include/uapi/linux/if_bridge.ts';
import {
	IGMP_HOST_LEAVE_MESSAGE,
	IGMP_HOST_MEMBERSHIP_QUERY,
	IGMP_HOST_MEMBERSHIP_REPORT,
	IGMPHDR_code,
	IGMPHDR_LEN,
	IGMPV2_HOST_MEMBERSHIP_REPORT,
	IGMPV3_HOST_MEMBERSHIP_REPORT,
} from '../../include/uapi/linux/igmp.ts';
import { IPHDR_tot_len } from '../../include/uapi/linux/ip.ts';
import { IPV6HDR_LEN, IPV6HDR_payload_len } from '../../include/uapi/linux/ipv6.ts';
import { skb_header_pointer_off } from '../core/skbuff.ts';

export const BR_PORT_BITS = 10;
export const BR_MAX_PORTS = 1 << BR_PORT_BITS;
export const BR_GROUPFWD_DEFAULT = 0;
export const BR_GROUPFWD_RESTRICTED = 1 | 2 | 4;
export const BR_GROUPFWD_8021AD = 0xb801;
export const BR_DEFAULT_AGEING_TIME_S = 300;

export const BR_MULTICAST_DEFAULT_HASH_MAX = 4096;

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
export const BR_MULTICAST_TO_UNICAST = 1 << 12;
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
	refcnt = 0;
	/** The bridge's VLAN that a port's belongs to. */
	brvlan: net_bridge_vlan | null = null;

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

/** MAC and VLAN id of a station in two words. */
class net_bridge_fdb_key {
	addr_high = 0;
	addr_low_vid = 0;
}

/** A forwarding entry. */
export class net_bridge_fdb_entry extends rhash_head {
	/** Port behind which the station is, null for the bridge itself. */
	dst: net_bridge_port | null;
	readonly key = new net_bridge_fdb_key();
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
		super();
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
function fdb_key(key: net_bridge_fdb_key, addr: Uint8Array, off: number, vid: u16): void {
	key.addr_high = (addr[off] << 24) | (addr[off + 1] << 16) | (addr[off + 2] << 8) | addr[off + 3];
	key.addr_low_vid = (addr[off + 4] << 24) | (addr[off + 5] << 16) | vid;
}

/* net_bridge_port_group.flags */
export const MDB_PG_FLAGS_PERMANENT = 1 << 0;
export const MDB_PG_FLAGS_OFFLOAD = 1 << 1;
export const MDB_PG_FLAGS_FAST_LEAVE = 1 << 2;
export const MDB_PG_FLAGS_STAR_EXCL = 1 << 3;
export const MDB_PG_FLAGS_BLOCKED = 1 << 4;

/** Sources that a group of a port may have. */
export const PG_SRC_ENT_LIMIT = 32;

/* net_bridge_group_src.flags */
export const BR_SGRP_F_DELETE = 1 << 0;
export const BR_SGRP_F_SEND = 1 << 1;
export const BR_SGRP_F_INSTALLED = 1 << 2;

/* include/uapi/linux/in.h */
export const MCAST_EXCLUDE = 0;
export const MCAST_INCLUDE = 1;

/** Queries of our own, of one protocol, on a bridge or port. */
export class bridge_mcast_own_query {
	timer: timer_list;
	startup_sent = 0;

	constructor(m: Machine) {
		this.timer = unset_timer(m);
	}
}

/** Queries of others. */
export class bridge_mcast_other_query {
	timer: timer_list;
	/** Jiffies from which on the querier's answers count. */
	delay_time = 0;

	constructor(m: Machine) {
		this.timer = unset_timer(m);
	}
}

/** The querier that was chosen. */
export class bridge_mcast_querier {
	readonly addr = new br_ip();
	/** Null for the bridge itself. */
	port: net_bridge_port | null = null;
}

/**
 * A timer before timer_setup().
 * @kernel PORT: a timer_list of zeros
 */
function unset_timer(m: Machine): timer_list {
	return new timer_list(m, () => {});
}

/** What waits for the collector. */
export class net_bridge_mcast_gc {
	readonly gc_node = new hlist_node<net_bridge_mcast_gc>(this);
	readonly destroy: () => void;

	constructor(destroy: () => void) {
		this.destroy = destroy;
	}
}

/** A source of a group of a port. */
export class net_bridge_group_src {
	readonly node = new hlist_node<net_bridge_group_src>(this);
	readonly addr = new br_ip();
	readonly pg: net_bridge_port_group;
	/** BR_SGRP_F_* */
	flags = 0;
	src_query_rexmit_cnt = 0;
	timer: timer_list;
	readonly br: net_bridge;
	mcast_gc: net_bridge_mcast_gc | null = null;

	constructor(pg: net_bridge_port_group, addr: br_ip) {
		this.pg = pg;
		this.br = pg.port.br;
		this.addr.copy(addr);
		this.timer = unset_timer(this.br.machine);
	}
}

/** A group behind a port. PORT: the key's members are `port` and `addr`; of the port the words have its order. */
export class net_bridge_port_group extends rhash_words_head {
	next: net_bridge_port_group | null = null;
	readonly port: net_bridge_port;
	readonly addr: br_ip;
	readonly eth_addr = new Uint8Array(6);
	/** MDB_PG_FLAGS_* */
	flags = 0;
	/** MCAST_INCLUDE or MCAST_EXCLUDE */
	filter_mode = 0;
	grp_query_rexmit_cnt = 0;
	/** RTPROT_* */
	rt_protocol = 0;
	readonly src_list = new hlist_head<net_bridge_group_src>();
	src_ents = 0;
	timer: timer_list;
	rexmit_timer: timer_list;
	readonly mglist = new hlist_node<net_bridge_port_group>(this);
	mcast_gc: net_bridge_mcast_gc | null = null;

	constructor(port: net_bridge_port, addr: br_ip) {
		super(new Int32Array(BR_SG_KEY_WORDS));
		this.port = port;
		this.addr = new br_ip(this.key).copy(addr);
		this.key[BR_IP_WORDS] = port.order;
		this.timer = unset_timer(port.br.machine);
		this.rexmit_timer = unset_timer(port.br.machine);
	}
}

/** Words of struct net_bridge_port_group_sg_key. */
export const BR_SG_KEY_WORDS = BR_IP_WORDS + 1;

/**
 * Hash of an address and a VLAN id.
 * @kernel PORT: key_len of net/bridge/br_fdb.c:27 br_fdb_rht_params
 */
function fdb_key_hash(key: net_bridge_fdb_key, seed: number): number {
	return jhash_2words(key.addr_high, key.addr_low_vid, seed) | 0;
}

/** net/bridge/br_fdb.c:27 */
const br_fdb_rht_params = new rhashtable_params<net_bridge_fdb_key, net_bridge_fdb_entry>(
	fdb_key_hash,
	(fdb, seed) => fdb_key_hash(fdb.key, seed),
	(key, fdb) =>
		key.addr_high === fdb.key.addr_high && key.addr_low_vid === fdb.key.addr_low_vid,
);
/** net/bridge/br_multicast.c:37 */
export const br_mdb_rht_params = rhashtable_words<net_bridge_mdb_entry>(BR_IP_WORDS);
/** net/bridge/br_multicast.c:44 */
export const br_sg_port_rht_params = rhashtable_words<net_bridge_port_group>(BR_SG_KEY_WORDS);

/** A group of a bridge. */
export class net_bridge_mdb_entry extends rhash_words_head {
	readonly br: net_bridge;
	ports: net_bridge_port_group | null = null;
	readonly addr: br_ip;
	host_joined = false;
	timer: timer_list;
	readonly mdb_node = new hlist_node<net_bridge_mdb_entry>(this);
	mcast_gc: net_bridge_mcast_gc | null = null;

	constructor(br: net_bridge, addr: br_ip) {
		super(new Int32Array(BR_IP_WORDS));
		this.br = br;
		this.addr = new br_ip(this.key).copy(addr);
		this.timer = unset_timer(br.machine);
	}
}

/** How entries are announced; br_mdb_init() fills it in. */
export class br_mdb_operations {
	notify: (
		dev: net_device,
		mp: net_bridge_mdb_entry,
		pg: net_bridge_port_group | null,
		type: number,
	) => void = () => {};
	rtr_notify: (dev: net_device, port: net_bridge_port | null, type: number) => void = () => {};
}

export const br_mdb_ops = machine_var(() => new br_mdb_operations());

/** Ports made so far, on a machine. */
const ports_made = machine_var(() => ({ count: 0 }));

/** Identity of a bridge in the spanning tree. */
export class bridge_id {
	/** PORT: the two bytes as one number. */
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
	readonly ip4_own_query: bridge_mcast_own_query;
	readonly ip6_own_query: bridge_mcast_own_query;
	/** MDB_RTR_TYPE_* */
	multicast_router = 0;
	/** PORT: one processor, counted in place. */
	mcast_stats = new br_mcast_stats();
	multicast_router_timer: timer_list;
	readonly mglist = new hlist_head<net_bridge_port_group>();
	readonly rlist = new hlist_node<net_bridge_port>(this);
	group_fwd_mask: u16 = 0;
	/** Stands for the port's address in memory: from 1 up, in the order in which ports are made. */
	readonly order: number;
	backup_redirected_cnt = 0;

	constructor(br: net_bridge, dev: net_device) {
		this.br = br;
		this.dev = dev;
		this.ip4_own_query = new bridge_mcast_own_query(dev.machine);
		this.ip6_own_query = new bridge_mcast_own_query(dev.machine);
		this.multicast_router_timer = unset_timer(dev.machine);
		this.order = ++ports_made.of(dev.machine).count;
	}
}

/** A bridge. */
export class net_bridge {
	readonly port_list: net_bridge_port[] = [];
	dev: net_device;
	readonly machine: Machine;
	rx_packets = 0;
	rx_bytes = 0;
	tx_packets = 0;
	tx_bytes = 0;
	/* options */
	vlan_enabled = false;
	vlan_stats_enabled = false;
	vlan_bridge_binding = false;
	mtu_set_by_user = false;
	group_addr_set = false;
	no_ll_learn = false;
	multicast_enabled = false;
	multicast_querier = false;
	multicast_query_use_ifaddr = false;
	multicast_stats_enabled = false;
	has_ipv6_addr = false;

	vlan_proto: __be16 = ETH_P_8021Q;
	default_pvid: u16 = 1;
	vlgrp: net_bridge_vlan_group | null = null;
	readonly fdb_hash_tbl: rhashtable<net_bridge_fdb_entry>;

	group_fwd_mask: u16 = BR_GROUPFWD_DEFAULT;
	group_fwd_mask_required: u16 = BR_GROUPFWD_DEFAULT;
	readonly designated_root = new bridge_id();
	readonly bridge_id = new bridge_id();
	topology_change = 0;
	topology_change_detected = 0;
	root_port: u16 = 0;
	/** Jiffies. */
	max_age: number;
	hello_time: number;
	forward_delay: number;
	ageing_time: number;
	bridge_max_age: number;
	bridge_hello_time: number;
	bridge_forward_delay: number;
	bridge_ageing_time: number;
	root_path_cost = 0;
	readonly group_addr = Uint8Array.of(0x01, 0x80, 0xc2, 0, 0, 0);

	hash_max = 0;
	multicast_last_member_count = 0;
	multicast_startup_query_count = 0;
	multicast_igmp_version = 0;
	/** MDB_RTR_TYPE_* */
	multicast_router = 0;
	multicast_mld_version = 0;
	/* jiffies */
	multicast_last_member_interval = 0;
	multicast_membership_interval = 0;
	multicast_querier_interval = 0;
	multicast_query_interval = 0;
	multicast_query_response_interval = 0;
	multicast_startup_query_interval = 0;
	readonly mdb_hash_tbl: rhashtable<net_bridge_mdb_entry>;
	readonly sg_port_tbl: rhashtable<net_bridge_port_group>;
	readonly mcast_gc_list = new hlist_head<net_bridge_mcast_gc>();
	readonly mdb_list = new hlist_head<net_bridge_mdb_entry>();
	readonly router_list = new hlist_head<net_bridge_port>();
	multicast_router_timer: timer_list;
	readonly ip4_other_query: bridge_mcast_other_query;
	readonly ip4_own_query: bridge_mcast_own_query;
	readonly ip4_querier = new bridge_mcast_querier();
	/** PORT: one processor, counted in place. */
	mcast_stats = new br_mcast_stats();
	readonly ip6_other_query: bridge_mcast_other_query;
	readonly ip6_own_query: bridge_mcast_own_query;
	readonly ip6_querier = new bridge_mcast_querier();
	mcast_gc_work: work_struct;
	/** Key of the look-up at hand. */
	readonly mdb_scratch_key = new br_ip();

	topology_change_timer: timer_list | null = null;
	gc_work: delayed_work | null = null;
	/** Ports that learn and flood by themselves. */
	auto_cnt = 0;
	/** Newest first. */
	fdb_list: net_bridge_fdb_entry | null = null;
	/** Key of the look-up at hand. */
	readonly fdb_scratch_key = new net_bridge_fdb_key();

	constructor(dev: net_device, HZ: number) {
		this.dev = dev;
		this.machine = dev.machine;
		const m = dev.machine;
		this.fdb_hash_tbl = new rhashtable(br_fdb_rht_params, m.random_u32());
		this.mdb_hash_tbl = new rhashtable(br_mdb_rht_params, m.random_u32());
		this.sg_port_tbl = new rhashtable(br_sg_port_rht_params, m.random_u32());
		this.multicast_router_timer = unset_timer(m);
		this.ip4_other_query = new bridge_mcast_other_query(m);
		this.ip4_own_query = new bridge_mcast_own_query(m);
		this.ip6_other_query = new bridge_mcast_other_query(m);
		this.ip6_own_query = new bridge_mcast_own_query(m);
		this.mcast_gc_work = new work_struct(m, () => {});
		this.bridge_max_age = this.max_age = 20 * HZ;
		this.bridge_hello_time = this.hello_time = 2 * HZ;
		this.bridge_forward_delay = this.forward_delay = 15 * HZ;
		this.bridge_ageing_time = this.ageing_time = BR_DEFAULT_AGEING_TIME_S * HZ;
	}
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
 * Control block of a packet on its way through a bridge.
 * @kernel net/bridge/br_private.h:510 (v5.10)
 */
export function BR_INPUT_SKB_CB(skb: sk_buff): br_input_skb_cb {
	let cb = skb.brcb;
	if (cb === null) {
		cb = new br_input_skb_cb();
		skb.brcb = cb;
	}
	cb.in_use = true;
	return cb;
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
 * Tells whether neither end of a packet's way lets isolated ports talk.
 * @kernel net/bridge/br_private.h:733 (v5.10)
 */
export function br_skb_isolated(to: net_bridge_port, skb: sk_buff): boolean {
	return BR_INPUT_SKB_CB(skb).src_port_isolated && (to.flags & BR_ISOLATED) !== 0;
}

/**
 * Finds a VLAN in a group.
 * @kernel PORT: net/bridge/br_vlan.c:714 br_vlan_find
 */
export function br_vlan_find(vg: net_bridge_vlan_group | null, vid: u16): net_bridge_vlan | null {
	return vg?.vlan_hash.get(vid) ?? null;
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
	return rhashtable_lookup(br.fdb_hash_tbl, key, br_fdb_rht_params);
}

/**
 * Finds the forwarding entry of an address in a packet.
 * @param view of the packet's buffer, with the MAC at off
 * @kernel PORT: net/bridge/br_fdb.c:134 fdb_find_rcu
 */
export function fdb_find_rcu(
	br: net_bridge,
	view: DataView,
	off: number,
	vid: u16,
): net_bridge_fdb_entry | null {
	const key = br.fdb_scratch_key;
	key.addr_high = view.getInt32(off);
	key.addr_low_vid = (view.getUint16(off + 4) << 16) | vid;
	return rhashtable_lookup(br.fdb_hash_tbl, key, br_fdb_rht_params);
}

/**
 * Tells whether a bridge itself takes what multicast routers get.
 * @kernel net/bridge/br_private.h:848 (v5.10)
 */
export function br_multicast_is_router(br: net_bridge): boolean {
	return (
		br.multicast_router === MDB_RTR_TYPE_PERM ||
		(br.multicast_router === MDB_RTR_TYPE_TEMP_QUERY && timer_pending(br.multicast_router_timer))
	);
}

/**
 * Tells whether queries of a protocol are sent, and long enough for their answers.
 * @kernel net/bridge/br_private.h:856 (v5.10)
 */
function __br_multicast_querier_exists(
	br: net_bridge,
	querier: bridge_mcast_other_query,
	is_ipv6: boolean,
): boolean {
	const own_querier_enabled = br.multicast_querier && (!is_ipv6 || br.has_ipv6_addr);
	return (
		querier.delay_time < br.machine.jiffies &&
		(own_querier_enabled || timer_pending(querier.timer))
	);
}

/**
 * Tells whether there is a querier of a packet's protocol.
 * @param proto ethertype in the Ethernet header
 * @kernel net/bridge/br_private.h:875 (v5.10)
 */
export function br_multicast_querier_exists(br: net_bridge, proto: number): boolean {
	switch (proto) {
		case ETH_P_IP:
			return __br_multicast_querier_exists(br, br.ip4_other_query, false);
		case ETH_P_IPV6:
			return __br_multicast_querier_exists(br, br.ip6_other_query, true);
		default:
			return false;
	}
}

/**
 * Tells whether an address has no source: (*,G).
 * @kernel net/bridge/br_private.h:892 (v5.10)
 */
export function br_multicast_is_star_g(ip: br_ip): boolean {
	switch (ip.proto) {
		case ETH_P_IP:
			return ipv4_is_zeronet(ip.src_ip4);
		case ETH_P_IPV6:
			return ip.src_any();
		default:
			return false;
	}
}

/**
 * Tells whether sources count: IGMPv3 and MLDv2.
 * @kernel net/bridge/br_private.h:906 (v5.10)
 */
export function br_multicast_should_handle_mode(br: net_bridge, proto: number): boolean {
	switch (proto) {
		case ETH_P_IP:
			return br.multicast_igmp_version === 3;
		case ETH_P_IPV6:
			return br.multicast_mld_version === 2;
		default:
			return false;
	}
}

/**
 * Type of the group message that a packet is.
 * @returns 0 for none
 * @kernel net/bridge/br_private.h:921 (v5.10)
 */
export function br_multicast_igmp_type(skb: sk_buff): number {
	return BR_INPUT_SKB_CB(skb).igmp;
}

/**
 * Time that the last member of a group has to answer.
 * @returns jiffies
 * @kernel net/bridge/br_private.h:926 (v5.10)
 */
export function br_multicast_lmqt(br: net_bridge): number {
	return br.multicast_last_member_interval * br.multicast_last_member_count;
}

/**
 * Time that a membership lasts.
 * @returns jiffies
 * @kernel net/bridge/br_private.h:932 (v5.10)
 */
export function br_multicast_gmi(br: net_bridge): number {
	return 2 * br.multicast_query_interval + br.multicast_query_response_interval;
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
 * Counts a group message.
 * @param type of IGMP or MLD
 * @param dir BR_MCAST_DIR_*
 * @kernel net/bridge/br_multicast.c:3766 (v5.10)
 */
function br_mcast_stats_add(stats: br_mcast_stats, skb: sk_buff, type: number, dir: number): void {
	switch (skb.protocol) {
		case ETH_P_IP: {
			const t_len =
				get_unaligned_be16(skb.head, skb.network_header + IPHDR_tot_len) -
				(skb.head[skb.network_header] & 0xf) * 4;
			switch (type) {
				case IGMP_HOST_MEMBERSHIP_REPORT:
					stats.igmp_v1reports[dir]++;
					break;
				case IGMPV2_HOST_MEMBERSHIP_REPORT:
					stats.igmp_v2reports[dir]++;
					break;
				case IGMPV3_HOST_MEMBERSHIP_REPORT:
					stats.igmp_v3reports[dir]++;
					break;
				case IGMP_HOST_MEMBERSHIP_QUERY:
					if (t_len !== IGMPHDR_LEN) {
						stats.igmp_v3queries[dir]++;
					} else {
						const ih = skb_header_pointer_off(
							skb,
							skb_transport_offset(skb),
							IGMPHDR_LEN,
						);
						if (ih < 0) break;
						if (skb.head[ih + IGMPHDR_code] === 0) stats.igmp_v1queries[dir]++;
						else stats.igmp_v2queries[dir]++;
					}
					break;
				case IGMP_HOST_LEAVE_MESSAGE:
					stats.igmp_leaves[dir]++;
					break;
			}
			break;
		}
		case ETH_P_IPV6: {
			const t_len =
				get_unaligned_be16(skb.head, skb.network_header + IPV6HDR_payload_len) +
				IPV6HDR_LEN -
				skb_network_header_len(skb);
			switch (type) {
				case ICMPV6_MGM_REPORT:
					stats.mld_v1reports[dir]++;
					break;
				case ICMPV6_MLD2_REPORT:
					stats.mld_v2reports[dir]++;
					break;
				case ICMPV6_MGM_QUERY:
					if (t_len !== MLD_MSG_LEN) stats.mld_v2queries[dir]++;
					else stats.mld_v1queries[dir]++;
					break;
				case ICMPV6_MGM_REDUCTION:
					stats.mld_leaves[dir]++;
					break;
			}
			break;
		}
	}
}

/**
 * Counts a group message of a port or of the bridge itself, when counting is on.
 * @param p null for the bridge itself
 * @param type 0: the packet is none
 * @param dir BR_MCAST_DIR_*
 * @kernel net/bridge/br_multicast.c:3837 (v5.10)
 */
export function br_multicast_count(
	br: net_bridge,
	p: net_bridge_port | null,
	skb: sk_buff,
	type: number,
	dir: number,
): void {
	if (type === 0 || !br.multicast_stats_enabled) return;
	br_mcast_stats_add(p !== null ? p.mcast_stats : br.mcast_stats, skb, type, dir);
}
