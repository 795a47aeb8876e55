/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PORT: ours, no kernel file: what a flow of a table with topology-driven invalidation depends on.
 *
 * A table has a nf_flow_invalidate while the user has it switched on, else null, and then nothing but that null is
 * looked at. The table's code calls it through `ops`; net/netfilter/nf_flow_table_invalidate.ts is behind them.
 */
import { U32_ZERO } from '../../linux/types.ts';
import type { Machine } from '../../linux/machine.ts';
import type { net_device, net_device_path_stack } from '../../linux/netdevice.ts';
import { rhash_words_head } from '../../linux/rhashtable.ts';
import type { u16, u32 } from '../../linux/types.ts';
import type { dst_entry } from '../dst.ts';
import type { nf_conn } from './nf_conntrack.ts';
import type {
	flow_offload,
	flow_offload_tuple_dir,
	nf_flow_route,
	nf_flowtable,
} from './nf_flow_table.ts';

/* Why a flow was ended. */
export const NF_FLOW_INVAL_FDB_MOVE = 0;
export const NF_FLOW_INVAL_FDB_DELETE = 1;
export const NF_FLOW_INVAL_FDB_ADD = 2;
export const NF_FLOW_INVAL_PORT_STATE = 3;
export const NF_FLOW_INVAL_PORT_LEFT = 4;
export const NF_FLOW_INVAL_ISOLATED = 5;
export const NF_FLOW_INVAL_VLAN = 6;
export const NF_FLOW_INVAL_CARRIER = 7;
export const NF_FLOW_INVAL_DOWN = 8;
export const NF_FLOW_INVAL_GONE = 9;
export const NF_FLOW_INVAL_MASTER = 10;
export const NF_FLOW_INVAL_MTU = 11;
export const NF_FLOW_INVAL_ADDRESS = 12;
export const NF_FLOW_INVAL_NEIGH = 13;
export const NF_FLOW_INVAL_ROUTE = 14;
export const NF_FLOW_INVAL_RACE = 15;
export const NF_FLOW_INVAL_SWITCH = 16;

/** Names of the causes, by number. */
export const nf_flow_inval_causes = [
	'fdb-move',
	'fdb-delete',
	'fdb-add',
	'port-state',
	'port-left',
	'isolated',
	'vlan',
	'carrier',
	'device-down',
	'device-gone',
	'master',
	'mtu',
	'address',
	'neighbour',
	'route',
	'race',
	'switched-on',
] as const;

/** Flows that depend on one thing; the key, where it is in a table, names the thing. */
export class nf_flow_dep_head extends rhash_words_head {
	first: nf_flow_dep | null = null;
}

/** One thing that a flow depends on. */
export class nf_flow_dep {
	readonly deps: nf_flow_deps;
	/** Direction whose packets go there. */
	readonly dir: flow_offload_tuple_dir;
	/** Of a station: the port it was behind, null when the bridge did not know it. */
	readonly port: net_device | null;
	/** Of a neighbour: its MAC, null when it had none that holds. */
	readonly mac: Uint8Array | null;
	/** Device whose index it stands in: the device itself, the bridge of a station, that of a neighbour. */
	readonly dev: net_device;
	readonly head: nf_flow_dep_head;
	next: nf_flow_dep | null = null;
	prev: nf_flow_dep | null = null;

	constructor(
		deps: nf_flow_deps,
		dir: flow_offload_tuple_dir,
		dev: net_device,
		head: nf_flow_dep_head,
		port: net_device | null,
		mac: Uint8Array | null,
	) {
		this.deps = deps;
		this.dir = dir;
		this.dev = dev;
		this.head = head;
		this.port = port;
		this.mac = mac;
		this.next = head.first;
		if (head.first !== null) head.first.prev = this;
		head.first = this;
	}
}

/** How a direction is routed, and what tells when to ask again. */
export class nf_flow_inval_route {
	/** Held; the table asks dst_check() of it. */
	dst: dst_entry;
	/** IPv6 serial number, 0 for IPv4. */
	cookie: number;
	/** Does a lookup by destination tell all? Else any change ends the flow. */
	readonly exact: boolean;
	/** Device that the lookup is bound to, 0 for none. */
	readonly oif: number;
	/** Device and gateway of the direction when the flow was made. */
	readonly dev: net_device;
	readonly gateway: Uint8Array | number;
	/** Time of the direction's last packet, ns since boot. */
	seen_ns = U32_ZERO;

	constructor(
		dst: dst_entry,
		cookie: number,
		exact: boolean,
		oif: number,
		dev: net_device,
		gateway: Uint8Array | number,
	) {
		this.dst = dst;
		this.cookie = cookie;
		this.exact = exact;
		this.oif = oif;
		this.dev = dev;
		this.gateway = gateway;
	}
}

/** All that a flow depends on. */
export class nf_flow_deps {
	readonly inv: nf_flow_invalidate;
	readonly flow: flow_offload;
	readonly list: nf_flow_dep[] = [];
	readonly route: readonly [nf_flow_inval_route, nf_flow_inval_route];

	/** A path was found that was not fit for use. */
	readonly unfit: boolean;

	constructor(
		inv: nf_flow_invalidate,
		flow: flow_offload,
		original: nf_flow_inval_route,
		reply: nf_flow_inval_route,
		unfit: boolean,
	) {
		this.inv = inv;
		this.flow = flow;
		this.unfit = unfit;
		this.route = [original, reply];
	}
}

/** A station that a path leans on. */
export interface nf_flow_inval_station {
	bridge: net_device;
	/** Null when the bridge does not know it. */
	port: net_device | null;
	mac: Uint8Array;
}

/** What path discovery met in one direction. */
export class nf_flow_inval_path {
	readonly devs: net_device[] = [];
	readonly stations: nf_flow_inval_station[] = [];
	/** Device that the path came down to. */
	indev: net_device | null = null;
	/** Neighbour: its device and address, null when it does not matter. */
	neigh_dev: net_device | null = null;
	neigh_key: Uint8Array | null = null;
	/** Its MAC, null when it had none that holds. */
	neigh_mac: Uint8Array | null = null;
}

/** What is noted while a flow is made. */
export class nf_flow_inval_setup {
	/** Number of events when it began. */
	readonly generation: number;
	/** Direction of the packet at hand. */
	readonly dir: flow_offload_tuple_dir;
	/** A path was found that is not fit for use. */
	unfit = false;
	readonly path: readonly [nf_flow_inval_path, nf_flow_inval_path] = [
		new nf_flow_inval_path(),
		new nf_flow_inval_path(),
	];

	constructor(generation: number, dir: flow_offload_tuple_dir) {
		this.generation = generation;
		this.dir = dir;
	}
}

/** How often a connection's flows were ended lately. */
export class nf_flow_inval_damping {
	count = 0;
	/** Jiffies of the last time. */
	last = 0;
	/** Jiffies until which the connection is not offloaded. */
	until = 0;
}

/** What the table's code calls. */
export interface nf_flow_invalidate_ops {
	/**
	 * A flow is about to be made.
	 * @param dir direction of the packet at hand
	 * @returns false when the connection may not be offloaded now
	 */
	begin: (
		inv: nf_flow_invalidate,
		ct: nf_conn,
		route: nf_flow_route,
		dir: flow_offload_tuple_dir,
	) => boolean;
	/**
	 * A direction's path was looked for.
	 * @param indev what it came down to, or null
	 * @param ha the neighbour's MAC
	 * @returns false when the path must not be used
	 */
	path: (
		inv: nf_flow_invalidate,
		route: nf_flow_route,
		ct: nf_conn,
		dir: flow_offload_tuple_dir,
		stack: net_device_path_stack,
		indev: net_device | null,
		ha: Uint8Array,
	) => boolean;
	/** A flow stands in the table; it may be gone afterwards. */
	added: (inv: nf_flow_invalidate, flow: flow_offload, route: nf_flow_route) => void;
	/**
	 * A packet met a flow.
	 * @returns true when the flow is no longer true; it is gone then
	 */
	stale: (inv: nf_flow_invalidate, flow: flow_offload, dir: flow_offload_tuple_dir) => boolean;
	/** A flow left the table and is about to be freed. */
	deleted: (inv: nf_flow_invalidate, flow: flow_offload) => void;
	/** The table is about to go; it has no flows. */
	end: (inv: nf_flow_invalidate) => void;
}

/** A table's invalidation. */
export class nf_flow_invalidate {
	readonly flow_table: nf_flowtable;
	readonly machine: Machine;
	readonly ops: nf_flow_invalidate_ops;
	/** Flows ended, by cause. */
	readonly ended: u32[] = new Array<u32>(nf_flow_inval_causes.length).fill(U32_ZERO);
	/** Flows that an event looked at. */
	touched = 0;
	/** Times that a connection was not offloaded because its flows ended too often. */
	damped = 0;
	/** Times that a path was found and not used, since the bridge would not go it. */
	refused = 0;
	/** Times that a route was looked up again and was the same. */
	confirmed = 0;
	/** What flows depend on. */
	readonly deps = new Map<flow_offload, nf_flow_deps>();
	readonly damping = new WeakMap<nf_conn, nf_flow_inval_damping>();

	constructor(flow_table: nf_flowtable, ops: nf_flow_invalidate_ops) {
		this.flow_table = flow_table;
		this.machine = flow_table.net.machine;
		this.ops = ops;
	}
}

/** Words of a station's key: MAC and VLAN id. */
export const NF_FLOW_STATION_WORDS = 2;
/** Words of a neighbour's key: length and address. */
export const NF_FLOW_NEIGH_WORDS = 5;

/**
 * Writes a station as a key.
 * @param mac 6 bytes
 * @kernel PORT: ours
 */
export function nf_flow_station_key(key: Int32Array, mac: Uint8Array, vid: u16): void {
	key[0] = (mac[0] << 24) | (mac[1] << 16) | (mac[2] << 8) | mac[3];
	key[1] = (mac[4] << 24) | (mac[5] << 16) | vid;
}

/**
 * Writes a neighbour as a key.
 * @param addr 4 or 16 bytes
 * @kernel PORT: ours
 */
export function nf_flow_neigh_key(key: Int32Array, addr: Uint8Array): void {
	key[0] = addr.length;
	for (let i = 0; i < 4; i++)
		key[i + 1] =
			4 * i < addr.length
				? (addr[4 * i] << 24) | (addr[4 * i + 1] << 16) | (addr[4 * i + 2] << 8) | addr[4 * i + 3]
				: 0;
}
