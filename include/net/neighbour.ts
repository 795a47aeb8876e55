/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/neighbour.h, base v5.10: hosts on the same link and their link addresses.
 *
 * PORT: at the interface a key is a number for IPv4 (network order) and 16 bytes for IPv6; a neighbour
 * keeps both its bytes (primary_key) and, for IPv4, the number (key32). The hash buckets are an array
 * of chains; hash_shift counts as in C.
 * Inlines that need net/core/neighbour.c live at its top: neigh_release, neigh_event_send,
 * neigh_hh_output, neigh_output, neigh_hh_bridge, neigh_create, __neigh_lookup, __neigh_lookup_errno.
 * Not ported: proxy entries (pneigh): no tool of this world makes them, so a table has none; statistics
 * per CPU (one set).
 */
import type { Machine } from '../linux/machine.ts';
import type { hh_cache, net_device } from '../linux/netdevice.ts';
import type { netlink_ext_ack } from '../linux/netlink.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import { sk_buff_head } from '../linux/skbuff.ts';
import type { ctl_table_header } from '../linux/sysctl.ts';
import type { timer_list } from '../linux/timer.ts';
import type { __be16, __be32, u32 } from '../linux/types.ts';
import type { delayed_work } from '../linux/workqueue.ts';
import type { net } from './net_namespace.ts';
import {
	NTF_ROUTER,
	NUD_DELAY,
	NUD_INCOMPLETE,
	NUD_NOARP,
	NUD_PERMANENT,
	NUD_PROBE,
	NUD_REACHABLE,
	NUD_STALE,
} from '../uapi/linux/neighbour.ts';

export const NUD_IN_TIMER = NUD_INCOMPLETE | NUD_REACHABLE | NUD_DELAY | NUD_PROBE;
export const NUD_VALID =
	NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY;
export const NUD_CONNECTED = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE;

export const NEIGH_VAR_MCAST_PROBES = 0;
export const NEIGH_VAR_UCAST_PROBES = 1;
export const NEIGH_VAR_APP_PROBES = 2;
export const NEIGH_VAR_MCAST_REPROBES = 3;
export const NEIGH_VAR_RETRANS_TIME = 4;
export const NEIGH_VAR_BASE_REACHABLE_TIME = 5;
export const NEIGH_VAR_DELAY_PROBE_TIME = 6;
export const NEIGH_VAR_GC_STALETIME = 7;
export const NEIGH_VAR_QUEUE_LEN_BYTES = 8;
export const NEIGH_VAR_PROXY_QLEN = 9;
export const NEIGH_VAR_ANYCAST_DELAY = 10;
export const NEIGH_VAR_PROXY_DELAY = 11;
export const NEIGH_VAR_LOCKTIME = 12;
export const NEIGH_VAR_DATA_MAX = NEIGH_VAR_LOCKTIME + 1;
export const NEIGH_VAR_QUEUE_LEN = 13;
export const NEIGH_VAR_RETRANS_TIME_MS = 14;
export const NEIGH_VAR_BASE_REACHABLE_TIME_MS = 15;
export const NEIGH_VAR_GC_INTERVAL = 16;
export const NEIGH_VAR_GC_THRESH1 = 17;
export const NEIGH_VAR_GC_THRESH2 = 18;
export const NEIGH_VAR_GC_THRESH3 = 19;
export const NEIGH_VAR_MAX = 20;

/** Key of a neighbour: IPv4 address (network order) or 16 bytes of an IPv6 address. */
export type neigh_key = number | Uint8Array;

/** Settings of a device for one neighbour table, or the table's defaults. */
export class neigh_parms {
	/** Namespace; null for the table's own entry before it is in use. */
	net: net | null = null;
	dev: net_device | null = null;
	neigh_setup: ((n: neighbour) => number) | null = null;
	tbl: neigh_table;
	sysctl_table: ctl_table_header | null = null;
	dead = 0;
	refcnt = 1;
	/** Jiffies; drawn between half and one and a half times the base. */
	reachable_time = 0;
	/** NEIGH_VAR_* below NEIGH_VAR_DATA_MAX; times in jiffies. */
	readonly data = new Int32Array(NEIGH_VAR_DATA_MAX);
	/** Bit per data word: set by the user or inherited as such. */
	data_state = 0;

	constructor(tbl: neigh_table) {
		this.tbl = tbl;
	}
}

/**
 * Sets a parameter and remembers that it was set.
 * @param index NEIGH_VAR_*
 * @kernel include/net/neighbour.h:88 (v5.10)
 */
export function neigh_var_set(p: neigh_parms, index: number, val: number): void {
	p.data_state |= 1 << index;
	p.data[index] = val;
}

/**
 * Reads a parameter.
 * @param attr NEIGH_VAR_*
 * @kernel include/net/neighbour.h:94 (v5.10)
 */
export function NEIGH_VAR(p: neigh_parms, attr: number): number {
	return p.data[attr];
}

/**
 * Sets a parameter's initial value.
 * @param attr NEIGH_VAR_*
 * @kernel include/net/neighbour.h:99 (v5.10)
 */
export function NEIGH_VAR_INIT(p: neigh_parms, attr: number, val: number): void {
	p.data[attr] = val;
}

/**
 * Marks all parameters as set by the user.
 * @kernel include/net/neighbour.h:102 (v5.10)
 */
export function neigh_parms_data_state_setall(p: neigh_parms): void {
	p.data_state = (1 << NEIGH_VAR_DATA_MAX) - 1;
}

/**
 * Marks no parameter as set by the user.
 * @kernel include/net/neighbour.h:107 (v5.10)
 */
export function neigh_parms_data_state_cleanall(p: neigh_parms): void {
	p.data_state = 0;
}

/** Counters of a table. */
export class neigh_statistics {
	allocs = 0;
	destroys = 0;
	hash_grows = 0;
	res_failed = 0;
	lookups = 0;
	hits = 0;
	rcv_probes_mcast = 0;
	rcv_probes_ucast = 0;
	periodic_gc_runs = 0;
	forced_gc_runs = 0;
	unres_discards = 0;
	table_fulls = 0;
}

/** How a neighbour's packets leave and how it is asked for. */
export interface neigh_ops {
	family: number;
	solicit: ((neigh: neighbour, skb: sk_buff | null) => void) | null;
	error_report: ((neigh: neighbour, skb: sk_buff) => void) | null;
	output: (neigh: neighbour, skb: sk_buff) => number;
	connected_output: (neigh: neighbour, skb: sk_buff) => number;
}

/** A host on the link. Made by __neigh_create(), given back by neigh_release(). */
export class neighbour {
	next: neighbour | null = null;
	tbl: neigh_table;
	parms: neigh_parms;
	/** Jiffies. */
	confirmed = 0;
	updated = 0;
	refcnt = 1;
	arp_queue_len_bytes = 0;
	/** Packets that wait for the link address. */
	readonly arp_queue = new sk_buff_head();
	timer: timer_list;
	used = 0;
	probes = 0;
	/** NTF_* */
	flags = 0;
	/** NUD_* */
	nud_state = 0;
	/** RTN_* */
	type = 0;
	dead = 0;
	/** RTPROT_* */
	protocol = 0;
	/** Link address; dev.addr_len bytes count. */
	readonly ha = new Uint8Array(32);
	hh: hh_cache;
	output: (neigh: neighbour, skb: sk_buff) => number;
	ops: neigh_ops;
	dev: net_device;
	/** Address in wire order: 4 or 16 bytes. */
	readonly primary_key: Uint8Array;
	/** IPv4 address as a number, 0 for IPv6. */
	key32: __be32;
	/** PORT: is it on gc_list (a Set of the table)? */
	on_gc_list = false;
	/** Driver's part (neighbour_priv), null when the device asks for none. */
	priv: unknown = null;

	/**
	 * @param tbl table it belongs to
	 * @param dev device it is seen on
	 * @param key address
	 * @kernel PORT: made by neigh_alloc, which passes what all neighbours start with
	 */
	constructor(
		tbl: neigh_table,
		dev: net_device,
		parms: neigh_parms,
		hh: hh_cache,
		timer: timer_list,
		output: (neigh: neighbour, skb: sk_buff) => number,
		ops: neigh_ops,
		primary_key: Uint8Array,
		key32: __be32,
	) {
		this.tbl = tbl;
		this.dev = dev;
		this.parms = parms;
		this.hh = hh;
		this.timer = timer;
		this.output = output;
		this.ops = ops;
		this.primary_key = primary_key;
		this.key32 = key32;
	}
}

export const NEIGH_NUM_HASH_RND = 4;

/** Buckets of a table; replaced when it grows. */
export class neigh_hash_table {
	readonly hash_buckets: (neighbour | null)[];
	readonly hash_shift: number;
	readonly hash_rnd = new Uint32Array(NEIGH_NUM_HASH_RND);

	constructor(shift: number) {
		this.hash_shift = shift;
		this.hash_buckets = new Array<neighbour | null>(1 << shift).fill(null);
	}
}

/** What a protocol tells neigh_table_init() about its table. */
export interface neigh_table_template {
	family: number;
	/** Bytes: 4 or 16. */
	key_len: number;
	/** Ethertype that neighbours resolve, network order. */
	protocol: __be16;
	hash: (pkey: neigh_key, dev: net_device, hash_rnd: Uint32Array) => u32;
	key_eq: (n: neighbour, pkey: neigh_key) => boolean;
	/** Returns 0 or a negative errno. */
	constructor_: (n: neighbour) => number;
	is_multicast?: (pkey: neigh_key) => boolean;
	allow_add?: (dev: net_device, extack: netlink_ext_ack | null) => boolean;
	id: string;
	/** Initial parameters by NEIGH_VAR_*, times in jiffies. */
	parms: readonly (readonly [number, number])[];
	/** Jiffies. */
	reachable_time: number;
	gc_interval: number;
	gc_thresh1: number;
	gc_thresh2: number;
	gc_thresh3: number;
}

/** All neighbours of one protocol on a machine. */
export class neigh_table {
	readonly machine: Machine;
	readonly family: number;
	readonly key_len: number;
	readonly protocol: __be16;
	readonly hash: neigh_table_template['hash'];
	readonly key_eq: neigh_table_template['key_eq'];
	/** `constructor` in C. */
	constructor_: neigh_table_template['constructor_'];
	readonly is_multicast: ((pkey: neigh_key) => boolean) | null;
	readonly allow_add: ((dev: net_device, extack: netlink_ext_ack | null) => boolean) | null;
	readonly id: string;
	readonly parms: neigh_parms;
	readonly parms_list: neigh_parms[] = [];
	gc_interval: number;
	gc_thresh1: number;
	gc_thresh2: number;
	gc_thresh3: number;
	/** Jiffies. */
	last_flush = 0;
	gc_work: delayed_work | null = null;
	entries = 0;
	gc_entries = 0;
	/** In order of insertion, oldest first. */
	readonly gc_list = new Set<neighbour>();
	/** Jiffies. */
	last_rand = 0;
	readonly stats = new neigh_statistics();
	nht: neigh_hash_table;

	/**
	 * @param t what the protocol gives
	 * @param nht first hash table
	 * @kernel PORT: a table is a static struct in C
	 */
	constructor(machine: Machine, t: neigh_table_template, nht: neigh_hash_table) {
		this.machine = machine;
		this.family = t.family;
		this.key_len = t.key_len;
		this.protocol = t.protocol;
		this.hash = t.hash;
		this.key_eq = t.key_eq;
		this.constructor_ = t.constructor_;
		this.is_multicast = t.is_multicast ?? null;
		this.allow_add = t.allow_add ?? null;
		this.id = t.id;
		this.parms = new neigh_parms(this);
		this.parms.reachable_time = t.reachable_time;
		for (const [index, val] of t.parms) this.parms.data[index] = val;
		this.gc_interval = t.gc_interval;
		this.gc_thresh1 = t.gc_thresh1;
		this.gc_thresh2 = t.gc_thresh2;
		this.gc_thresh3 = t.gc_thresh3;
		this.nht = nht;
	}
}

export const NEIGH_ARP_TABLE = 0;
export const NEIGH_ND_TABLE = 1;
export const NEIGH_DN_TABLE = 2;
export const NEIGH_NR_TABLES = 3;
/** Not a table: neigh_xmit() then only writes the given link address. */
export const NEIGH_LINK_TABLE = NEIGH_NR_TABLES;

export const NEIGH_UPDATE_F_OVERRIDE = 0x00000001;
export const NEIGH_UPDATE_F_WEAK_OVERRIDE = 0x00000002;
export const NEIGH_UPDATE_F_OVERRIDE_ISROUTER = 0x00000004;
export const NEIGH_UPDATE_F_EXT_LEARNED = 0x20000000;
export const NEIGH_UPDATE_F_ISROUTER = 0x40000000;
export const NEIGH_UPDATE_F_ADMIN = 0x80000000;

/** Bit of skb->cb0: the packet waits for a proxied answer of this host. */
export const LOCALLY_ENQUEUED = 0x1;

/**
 * Address family of the table that parameters belong to.
 * @kernel include/net/neighbour.h:239 (v5.10)
 */
export function neigh_parms_family(p: neigh_parms): number {
	return p.tbl.family;
}

/**
 * The driver's part of a neighbour.
 * @kernel include/net/neighbour.h:247 (v5.10)
 */
export function neighbour_priv<T>(n: neighbour): T {
	return n.priv as T;
}

/**
 * Compares an IPv4 key.
 * @kernel include/net/neighbour.h:267 (v5.10)
 */
export function neigh_key_eq32(n: neighbour, pkey: neigh_key): boolean {
	return n.key32 === pkey;
}

/**
 * Compares an IPv6 key.
 * @kernel include/net/neighbour.h:272 (v5.10)
 */
export function neigh_key_eq128(n: neighbour, pkey: neigh_key): boolean {
	if (typeof pkey === 'number') return false;
	const k = n.primary_key;
	for (let i = 12; i >= 0; i -= 4)
		if (
			k[i + 3] !== pkey[i + 3] ||
			k[i + 2] !== pkey[i + 2] ||
			k[i + 1] !== pkey[i + 1] ||
			k[i] !== pkey[i]
		)
			return false;
	return true;
}

/**
 * Finds a neighbour without taking a reference.
 * @param pkey address
 * @returns the neighbour or null
 * @kernel include/net/neighbour.h:305 (v5.10)
 */
export function __neigh_lookup_noref(
	tbl: neigh_table,
	pkey: neigh_key,
	dev: net_device,
): neighbour | null {
	const nht = tbl.nht;
	const hash_val = tbl.hash(pkey, dev, nht.hash_rnd) >>> (32 - nht.hash_shift);
	for (let n = nht.hash_buckets[hash_val] ?? null; n !== null; n = n.next)
		if (n.dev === dev && tbl.key_eq(n, pkey)) return n;
	return null;
}

/**
 * Namespace of parameters.
 * @kernel include/net/neighbour.h:347 (v5.10)
 */
export function neigh_parms_net(parms: neigh_parms): net {
	return parms.net!;
}

/**
 * Drops a reference on parameters that is not the last one.
 * @kernel include/net/neighbour.h:407 (v5.10)
 */
export function __neigh_parms_put(parms: neigh_parms): void {
	parms.refcnt--;
}

/**
 * Takes a reference on parameters.
 * @kernel include/net/neighbour.h:412 (v5.10)
 */
export function neigh_parms_clone(parms: neigh_parms): neigh_parms {
	parms.refcnt++;
	return parms;
}

/**
 * Takes a reference when there is a neighbour.
 * @kernel include/net/neighbour.h:428 (v5.10)
 */
export function neigh_clone(neigh: neighbour | null): neighbour | null {
	if (neigh !== null) neigh.refcnt++;
	return neigh;
}

/**
 * Takes a reference.
 * @kernel include/net/neighbour.h:435 (v5.10)
 */
export function neigh_hold(n: neighbour): void {
	n.refcnt++;
}

/**
 * Copies a neighbour's link address.
 * @param dst at least dev.addr_len bytes
 * @kernel include/net/neighbour.h:546 (v5.10)
 */
export function neigh_ha_snapshot(dst: Uint8Array, n: neighbour, dev: net_device): void {
	for (let i = 0; i < dev.addr_len; i++) dst[i] = n.ha[i]!;
}

/**
 * Sets or clears the router flag as update flags say.
 * @param flags NEIGH_UPDATE_F_*
 * @returns whether it changed
 * @kernel include/net/neighbour.h:557 (v5.10)
 */
export function neigh_update_is_router(neigh: neighbour, flags: u32): boolean {
	const ndm_flags = (flags & NEIGH_UPDATE_F_ISROUTER) !== 0 ? NTF_ROUTER : 0;
	if (((neigh.flags ^ ndm_flags) & NTF_ROUTER) === 0) return false;
	if ((ndm_flags & NTF_ROUTER) !== 0) neigh.flags |= NTF_ROUTER;
	else neigh.flags &= ~NTF_ROUTER;
	return true;
}
