// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/core/neighbour.c, base v5.10: address resolution that ARP and neighbour discovery share. States,
 * timers, the queue of packets that wait, the cached link header, garbage collection, netlink, sysctls.
 *
 * PORT: a table is made with `new neigh_table(m, template, new neigh_hash_table(3))` and handed to
 * neigh_table_init(). The previous link of a chain is remembered instead of a pointer to a pointer.
 * Not ported: proxy entries (a request with NTF_PROXY is refused with -EOPNOTSUPP), RTM_*NEIGHTBL,
 * /proc/net/stat: no program of this world asks for them.
 */
import {
	HZ,
	type Machine,
	prandom_u32,
	time_after,
	time_before,
} from '../../include/linux/machine.ts';
import {
	dev_hard_header,
	dev_hold,
	dev_net,
	dev_put,
	hh_cache,
	MAX_ADDR_LEN,
	type net_device,
	NET_XMIT_DROP,
} from '../../include/linux/netdevice.ts';
import { __in_dev_arp_parms_get_rcu } from '../../include/linux/inetdevice.ts';
import { type netlink_ext_ack, NL_SET_ERR_MSG } from '../../include/linux/netlink.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import {
	__skb_dequeue,
	__skb_queue_tail,
	skb_headroom,
	skb_network_offset,
	skb_peek_tail,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import { AF_INET, AF_INET6, PF_UNSPEC } from '../../include/linux/socket.ts';
import {
	type ctl_table,
	proc_dointvec,
	proc_dointvec_jiffies,
	register_net_sysctl,
	unregister_net_sysctl_table,
} from '../../include/linux/sysctl.ts';
import { del_timer, mod_timer, timer_setup } from '../../include/linux/timer.ts';
import { htonl } from '../../include/linux/byteorder/generic.ts';
import type { __be32 } from '../../include/linux/types.ts';
import {
	cancel_delayed_work_sync,
	delayed_work,
	queue_delayed_work,
} from '../../include/linux/workqueue.ts';
import { __in6_dev_nd_parms_get_rcu } from '../../include/net/addrconf.ts';
import { __ipv4_neigh_lookup_noref } from '../../include/net/arp.ts';
import {
	__neigh_lookup_noref,
	neigh_ha_snapshot,
	neigh_hash_table,
	neigh_hold,
	type neigh_key,
	NEIGH_NUM_HASH_RND,
	NEIGH_ARP_TABLE,
	NEIGH_LINK_TABLE,
	NEIGH_ND_TABLE,
	NEIGH_NR_TABLES,
	type neigh_ops,
	neigh_parms,
	neigh_parms_clone,
	neigh_parms_data_state_cleanall,
	neigh_parms_family,
	neigh_parms_net,
	type neigh_table,
	NEIGH_UPDATE_F_ADMIN,
	NEIGH_UPDATE_F_EXT_LEARNED,
	NEIGH_UPDATE_F_ISROUTER,
	NEIGH_UPDATE_F_OVERRIDE,
	NEIGH_UPDATE_F_OVERRIDE_ISROUTER,
	NEIGH_UPDATE_F_WEAK_OVERRIDE,
	neigh_update_is_router,
	NEIGH_VAR,
	NEIGH_VAR_ANYCAST_DELAY,
	NEIGH_VAR_APP_PROBES,
	NEIGH_VAR_BASE_REACHABLE_TIME,
	NEIGH_VAR_DELAY_PROBE_TIME,
	NEIGH_VAR_GC_STALETIME,
	NEIGH_VAR_LOCKTIME,
	NEIGH_VAR_MCAST_PROBES,
	NEIGH_VAR_MCAST_REPROBES,
	NEIGH_VAR_PROXY_DELAY,
	NEIGH_VAR_PROXY_QLEN,
	NEIGH_VAR_QUEUE_LEN_BYTES,
	NEIGH_VAR_RETRANS_TIME,
	NEIGH_VAR_UCAST_PROBES,
	neighbour,
	NUD_CONNECTED,
	NUD_IN_TIMER,
	NUD_VALID,
} from '../../include/net/neighbour.ts';
import {
	NETEVENT_DELAY_PROBE_TIME_UPDATE,
	NETEVENT_NEIGH_UPDATE,
} from '../../include/net/netevent.ts';
import type { net } from '../../include/net/net_namespace.ts';
import {
	nla_data,
	nla_get_u32,
	nla_get_u8,
	nla_nest_start,
	nla_put,
	nla_put_u32,
	nla_put_u8,
	type nlattrs,
	NLM_F_CREATE,
	NLM_F_DUMP_FILTERED,
	NLM_F_EXCL,
	NLM_F_MULTI,
	NLM_F_REPLACE,
	NLM_F_REQUEST,
	type nlmsg,
} from '../../include/net/netlink.ts';
import {
	EAFNOSUPPORT,
	EEXIST,
	EINVAL,
	ENETDOWN,
	ENOBUFS,
	ENODEV,
	ENOENT,
	EOPNOTSUPP,
	EPERM,
} from '../../include/uapi/linux/errno.ts';
import { ETH_ALEN, ETH_FRAME_LEN, ETH_HLEN } from '../../include/uapi/linux/if_ether.ts';
import {
	NDA_CACHEINFO,
	NDA_CACHEINFO_confirmed,
	NDA_CACHEINFO_refcnt,
	NDA_CACHEINFO_updated,
	NDA_CACHEINFO_used,
	NDA_DST,
	NDA_IFINDEX,
	NDA_LLADDR,
	NDA_MASTER,
	NDA_PROBES,
	NDA_PROTOCOL,
	NTF_EXT_LEARNED,
	NTF_PROXY,
	NTF_ROUTER,
	NTF_USE,
	NUD_DELAY,
	NUD_FAILED,
	NUD_INCOMPLETE,
	NUD_NOARP,
	NUD_NONE,
	NUD_PERMANENT,
	NUD_PROBE,
	NUD_REACHABLE,
	NUD_STALE,
} from '../../include/uapi/linux/neighbour.ts';
import {
	ndmsg_msg,
	RTM_DELNEIGH,
	RTM_GETNEIGH,
	RTM_NEWNEIGH,
	RTNLGRP_NEIGH,
} from '../../include/uapi/linux/rtnetlink.ts';
import { __dev_get_by_index, dev_queue_xmit, netdev_master_upper_dev_get } from './dev.ts';
import { call_netevent_notifiers } from './netevent.ts';
import { rtnl_has_listeners, rtnl_msg_family, rtnl_notify, rtnl_register } from './rtnetlink.ts';
import {
	__skb_pull,
	__skb_push,
	__skb_queue_purge,
	consume_skb,
	kfree_skb,
	SKB_TRUESIZE,
	skb_clone,
	skb_dst_force,
} from './skbuff.ts';

/* include/linux/netdevice.h */
const HH_DATA_MOD = 16;

/** USER_HZ: the unit of times that user land sees as clock ticks. */
const USER_HZ = 100;

/** Operations of a neighbour before its protocol has set it up. */
const neigh_no_ops: neigh_ops = {
	family: 0,
	solicit: null,
	error_report: null,
	output: neigh_blackhole,
	connected_output: neigh_blackhole,
};

/**
 * Drops a reference; the last one destroys the neighbour.
 * @kernel PORT: inline of include/net/neighbour.h:412, include/ does not import net/
 */
export function neigh_release(neigh: neighbour): void {
	if (--neigh.refcnt === 0) neigh_destroy(neigh);
}

/**
 * Notes that a neighbour is used, and asks for it when it is not known to be there.
 * @param skb packet that waits, or null
 * @returns 0 when the packet may go, 1 when it was queued or dropped
 * @kernel PORT: inline of include/net/neighbour.h:427, include/ does not import net/
 */
export function neigh_event_send(neigh: neighbour, skb: sk_buff | null): number {
	const now = neigh.tbl.machine.jiffies;
	if (neigh.used !== now) neigh.used = now;
	if ((neigh.nud_state & (NUD_CONNECTED | NUD_DELAY | NUD_PROBE)) === 0)
		return __neigh_event_send(neigh, skb);
	return 0;
}

/**
 * Copies a cached Ethernet header before a bridged packet, but for the ethertype.
 * @returns 0
 * @kernel PORT: inline of include/net/neighbour.h:439, include/ does not import net/
 */
export function neigh_hh_bridge(hh: hh_cache, skb: sk_buff): number {
	const hh_alen = (ETH_HLEN + (HH_DATA_MOD - 1)) & ~(HH_DATA_MOD - 1);
	const n = ETH_ALEN + hh_alen - ETH_HLEN;
	const to = skb.data - hh_alen;
	for (let i = 0; i < n; i++) skb.head[to + i] = hh.hh_data[i]!;
	return 0;
}

/**
 * Puts a cached link header before a packet and sends it.
 * @returns NET_XMIT_*
 * @kernel PORT: inline of include/net/neighbour.h:453, include/ does not import net/
 */
export function neigh_hh_output(hh: hh_cache, skb: sk_buff): number {
	const hh_len = hh.hh_len;
	const { view } = skb;
	const data = hh.hh_view;
	let hh_alen: number;
	if (hh_len <= HH_DATA_MOD) {
		hh_alen = HH_DATA_MOD;
		if (skb_headroom(skb) >= HH_DATA_MOD) {
			const to = skb.data - HH_DATA_MOD;
			const a = data.getInt32(0, true);
			const b = data.getInt32(4, true);
			const c = data.getInt32(8, true);
			const d = data.getInt32(12, true);
			view.setInt32(to, a, true);
			view.setInt32(to + 4, b, true);
			view.setInt32(to + 8, c, true);
			view.setInt32(to + 12, d, true);
		}
	} else {
		hh_alen = (hh_len + (HH_DATA_MOD - 1)) & ~(HH_DATA_MOD - 1);
		if (skb_headroom(skb) >= hh_alen) {
			const to = skb.data - hh_alen;
			for (let i = 0; i < hh_alen; i += 4) view.setInt32(to + i, data.getInt32(i));
		}
	}
	if (skb_headroom(skb) < hh_alen) {
		skb.machine.record('WARN', 'neigh_hh_output', 'no room for the link header', skb);
		kfree_skb(skb);
		return NET_XMIT_DROP;
	}
	__skb_push(skb, hh_len);
	return dev_queue_xmit(skb);
}

/**
 * Sends a packet to a neighbour, by its cached header when it has one.
 * @param skip_cache the packet's ethertype is not the table's
 * @returns NET_XMIT_* or a negative errno
 * @kernel PORT: inline of include/net/neighbour.h:494, include/ does not import net/
 */
export function neigh_output(n: neighbour, skb: sk_buff, skip_cache: boolean): number {
	const hh = n.hh;
	if ((n.nud_state & NUD_CONNECTED) !== 0 && hh.hh_len !== 0 && !skip_cache)
		return neigh_hh_output(hh, skb);
	return n.output(n, skb);
}

/**
 * Makes a neighbour with a reference for the caller.
 * @returns the neighbour or a negative errno
 * @kernel PORT: inline of include/net/neighbour.h:322, include/ does not import net/
 */
export function neigh_create(
	tbl: neigh_table,
	pkey: neigh_key,
	dev: net_device,
): neighbour | number {
	return __neigh_create(tbl, pkey, dev, true);
}

/**
 * Finds a neighbour, or makes it when asked to.
 * @returns a referenced neighbour or null
 * @kernel PORT: inline of include/net/neighbour.h:506, include/ does not import net/
 */
export function __neigh_lookup(
	tbl: neigh_table,
	pkey: neigh_key,
	dev: net_device,
	creat: boolean,
): neighbour | null {
	const n = neigh_lookup(tbl, pkey, dev);
	if (n !== null || !creat) return n;
	const made = neigh_create(tbl, pkey, dev);
	return IS_ERR(made) ? null : made;
}

/**
 * Finds or makes a neighbour.
 * @returns a referenced neighbour or a negative errno
 * @kernel PORT: inline of include/net/neighbour.h:518, include/ does not import net/
 */
export function __neigh_lookup_errno(
	tbl: neigh_table,
	pkey: neigh_key,
	dev: net_device,
): neighbour | number {
	return neigh_lookup(tbl, pkey, dev) ?? neigh_create(tbl, pkey, dev);
}

/**
 * Output of a neighbour that is no longer in use: drops.
 * @returns -ENETDOWN
 * @kernel net/core/neighbour.c:93 (v5.10)
 */
function neigh_blackhole(_neigh: neighbour, skb: sk_buff): number {
	kfree_skb(skb);
	return -ENETDOWN;
}

/**
 * Says that a neighbour is gone and drops the table's reference.
 * @kernel net/core/neighbour.c:99 (v5.10)
 */
function neigh_cleanup_and_release(neigh: neighbour): void {
	__neigh_notify(neigh, RTM_DELNEIGH, 0);
	call_netevent_notifiers(neigh.tbl.machine, NETEVENT_NEIGH_UPDATE, neigh);
	neigh_release(neigh);
}

/**
 * Draws a reachable time between half and one and a half times a base.
 * @param base jiffies
 * @returns jiffies
 * @kernel net/core/neighbour.c:113 (v5.10)
 */
export function neigh_rand_reach_time(m: Machine, base: number): number {
	return base !== 0 ? (prandom_u32(m) % base) + (base >> 1) : 0;
}

/**
 * Marks a neighbour as out of the table.
 * @kernel net/core/neighbour.c:119 (v5.10)
 */
function neigh_mark_dead(n: neighbour): void {
	n.dead = 1;
	if (n.on_gc_list) {
		n.on_gc_list = false;
		n.tbl.gc_list.delete(n);
		n.tbl.gc_entries--;
	}
}

/**
 * Puts a neighbour on the list for garbage collection, or takes it off, as its state asks.
 * @kernel net/core/neighbour.c:128 (v5.10)
 */
function neigh_update_gc_list(n: neighbour): void {
	const exempt_from_gc =
		(n.nud_state & NUD_PERMANENT) !== 0 || (n.flags & NTF_EXT_LEARNED) !== 0;
	if (exempt_from_gc && n.on_gc_list) {
		n.on_gc_list = false;
		n.tbl.gc_list.delete(n);
		n.tbl.gc_entries--;
	} else if (!exempt_from_gc && !n.on_gc_list) {
		n.on_gc_list = true;
		n.tbl.gc_list.add(n);
		n.tbl.gc_entries++;
	}
}

/**
 * Sets or clears the mark "learnt by someone else" as an administrator asks.
 * @returns whether it changed
 * @kernel net/core/neighbour.c:155 (v5.10)
 */
function neigh_update_ext_learned(neigh: neighbour, flags: number): boolean {
	if ((flags & NEIGH_UPDATE_F_ADMIN) === 0) return false;
	const ndm_flags = (flags & NEIGH_UPDATE_F_EXT_LEARNED) !== 0 ? NTF_EXT_LEARNED : 0;
	if (((neigh.flags ^ ndm_flags) & NTF_EXT_LEARNED) === 0) return false;
	if ((ndm_flags & NTF_EXT_LEARNED) !== 0) neigh.flags |= NTF_EXT_LEARNED;
	else neigh.flags &= ~NTF_EXT_LEARNED;
	return true;
}

/**
 * Takes a neighbour out of its chain.
 * @param prev the one before it, null when it is the first
 * @kernel PORT: `*np = n->next` of the callers in C
 */
function neigh_unlink(
	nht: neigh_hash_table,
	bucket: number,
	prev: neighbour | null,
	n: neighbour,
): void {
	if (prev === null) nht.hash_buckets[bucket] = n.next;
	else prev.next = n.next;
}

/**
 * Removes a neighbour that only the table holds.
 * @returns whether it was removed
 * @kernel net/core/neighbour.c:177 (v5.10)
 */
function neigh_del(
	n: neighbour,
	nht: neigh_hash_table,
	bucket: number,
	prev: neighbour | null,
): boolean {
	if (n.refcnt !== 1) return false;
	neigh_unlink(nht, bucket, prev, n);
	neigh_mark_dead(n);
	neigh_cleanup_and_release(n);
	return true;
}

/**
 * Key of a neighbour as the table's functions take it.
 * @kernel PORT: primary_key is a pointer for both families in C
 */
function neigh_pkey(n: neighbour): neigh_key {
	return n.tbl.key_len === 4 ? n.key32 : n.primary_key;
}

/**
 * Removes one neighbour from its table when nobody else holds it.
 * @returns whether it was removed
 * @kernel net/core/neighbour.c:198 (v5.10)
 */
export function neigh_remove_one(ndel: neighbour, tbl: neigh_table): boolean {
	const nht = tbl.nht;
	const hash_val =
		tbl.hash(neigh_pkey(ndel), ndel.dev, nht.hash_rnd) >>> (32 - nht.hash_shift);
	let prev: neighbour | null = null;
	for (let n = nht.hash_buckets[hash_val] ?? null; n !== null; n = n.next) {
		if (n === ndel) return neigh_del(n, nht, hash_val, prev);
		prev = n;
	}
	return false;
}

/**
 * Makes room in a full table: failed, multicast and long untouched neighbours go.
 * @returns how many went
 * @kernel net/core/neighbour.c:221 (v5.10)
 */
function neigh_forced_gc(tbl: neigh_table): number {
	const max_clean = tbl.gc_entries - tbl.gc_thresh2;
	const tref = tbl.machine.jiffies - 5 * HZ;
	let shrunk = 0;
	tbl.stats.forced_gc_runs++;
	for (const n of tbl.gc_list) {
		if (n.refcnt !== 1) continue;
		const remove =
			n.nud_state === NUD_FAILED ||
			tbl.is_multicast?.(neigh_pkey(n)) === true ||
			time_after(tref, n.updated);
		if (remove && neigh_remove_one(n, tbl)) shrunk++;
		if (shrunk >= max_clean) break;
	}
	tbl.last_flush = tbl.machine.jiffies;
	return shrunk;
}

/**
 * Arms a neighbour's timer, which then holds a reference.
 * @param when jiffies
 * @kernel net/core/neighbour.c:258 (v5.10)
 */
function neigh_add_timer(n: neighbour, when: number): void {
	neigh_hold(n);
	if (mod_timer(n.timer, when) !== 0)
		n.tbl.machine.record('WARN', 'neigh_add_timer', 'double timer add');
}

/**
 * Disarms a neighbour's timer.
 * @returns 1 when it was armed, else 0
 * @kernel net/core/neighbour.c:268 (v5.10)
 */
function neigh_del_timer(n: neighbour): number {
	if ((n.nud_state & NUD_IN_TIMER) !== 0 && del_timer(n.timer) !== 0) {
		neigh_release(n);
		return 1;
	}
	return 0;
}

/**
 * Empties a table of the neighbours on a device.
 * @param dev null for all
 * @param skip_perm leaves permanent entries
 * @kernel net/core/neighbour.c:288 (v5.10)
 */
function neigh_flush_dev(tbl: neigh_table, dev: net_device | null, skip_perm: boolean): void {
	const nht = tbl.nht;
	for (let i = 0; i < 1 << nht.hash_shift; i++) {
		let prev: neighbour | null = null;
		let n: neighbour | null = nht.hash_buckets[i] ?? null;
		while (n !== null) {
			const next: neighbour | null = n.next;
			if (
				(dev !== null && n.dev !== dev) ||
				(skip_perm && (n.nud_state & NUD_PERMANENT) !== 0)
			) {
				prev = n;
				n = next;
				continue;
			}
			neigh_unlink(nht, i, prev, n);
			neigh_del_timer(n);
			neigh_mark_dead(n);
			if (n.refcnt !== 1) {
				__skb_queue_purge(n.arp_queue);
				n.arp_queue_len_bytes = 0;
				n.output = neigh_blackhole;
				if ((n.nud_state & NUD_VALID) !== 0) n.nud_state = NUD_NOARP;
				else n.nud_state = NUD_NONE;
			}
			neigh_cleanup_and_release(n);
			n = next;
		}
	}
}

/**
 * Forgets the neighbours of a device whose own address changed.
 * @kernel net/core/neighbour.c:342 (v5.10)
 */
export function neigh_changeaddr(tbl: neigh_table, dev: net_device): void {
	neigh_flush_dev(tbl, dev, false);
}

/**
 * Forgets the neighbours of a device.
 * @kernel net/core/neighbour.c:350 (v5.10)
 */
function __neigh_ifdown(tbl: neigh_table, dev: net_device | null, skip_perm: boolean): number {
	neigh_flush_dev(tbl, dev, skip_perm);
	return 0;
}

/**
 * A device lost its carrier: only permanent entries stay.
 * @returns 0
 * @kernel net/core/neighbour.c:362 (v5.10)
 */
export function neigh_carrier_down(tbl: neigh_table, dev: net_device): number {
	return __neigh_ifdown(tbl, dev, true);
}

/**
 * A device goes down: no entry stays.
 * @param dev null for all devices
 * @returns 0
 * @kernel net/core/neighbour.c:369 (v5.10)
 */
export function neigh_ifdown(tbl: neigh_table, dev: net_device | null): number {
	return __neigh_ifdown(tbl, dev, false);
}

/**
 * Makes a neighbour, after making room when the table is full.
 * @returns null when the table is full
 * @kernel net/core/neighbour.c:376 (v5.10)
 */
function neigh_alloc(
	tbl: neigh_table,
	pkey: neigh_key,
	dev: net_device,
	exempt_from_gc: boolean,
): neighbour | null {
	const m = tbl.machine;
	const now = m.jiffies;
	if (!exempt_from_gc) {
		const entries = tbl.gc_entries++;
		if (
			entries >= tbl.gc_thresh3 ||
			(entries >= tbl.gc_thresh2 && time_after(now, tbl.last_flush + 5 * HZ))
		) {
			if (neigh_forced_gc(tbl) === 0 && entries >= tbl.gc_thresh3) {
				m.printk(`${tbl.id}: neighbor table overflow!`);
				tbl.stats.table_fulls++;
				tbl.gc_entries--;
				return null;
			}
		}
	}
	let key: Uint8Array;
	let key32 = htonl(0);
	if (typeof pkey === 'number') {
		key32 = htonl(pkey);
		key = new Uint8Array([pkey >>> 24, pkey >>> 16, pkey >>> 8, pkey]);
	} else {
		key = pkey.slice();
	}
	/* The timer's function needs the neighbour, which needs the timer. */
	const timer = timer_setup(m, () => {
		neigh_timer_handler(n);
	});
	const n = new neighbour(
		tbl,
		dev,
		neigh_parms_clone(tbl.parms),
		new hh_cache(),
		timer,
		neigh_blackhole,
		neigh_no_ops,
		key,
		key32,
	);
	n.updated = now;
	n.used = now;
	n.nud_state = NUD_NONE;
	n.dead = 1;
	tbl.stats.allocs++;
	tbl.entries++;
	return n;
}

/**
 * Draws an odd multiplier for the hash.
 * @kernel net/core/neighbour.c:431 (v5.10)
 */
function neigh_get_hash_rnd(m: Machine): number {
	return (m.random_u32() | 1) >>> 0;
}

/**
 * Makes the buckets of a table.
 * @param shift 2^shift buckets
 * @kernel net/core/neighbour.c:436 (v5.10)
 */
function neigh_hash_alloc(m: Machine, shift: number): neigh_hash_table {
	const ret = new neigh_hash_table(shift);
	for (let i = 0; i < NEIGH_NUM_HASH_RND; i++) ret.hash_rnd[i] = neigh_get_hash_rnd(m);
	return ret;
}

/**
 * Moves a table into more buckets.
 * @kernel net/core/neighbour.c:482 (v5.10)
 */
function neigh_hash_grow(tbl: neigh_table, new_shift: number): neigh_hash_table {
	tbl.stats.hash_grows++;
	const old_nht = tbl.nht;
	const new_nht = neigh_hash_alloc(tbl.machine, new_shift);
	for (let i = 0; i < 1 << old_nht.hash_shift; i++) {
		let next: neighbour | null;
		for (let n = old_nht.hash_buckets[i] ?? null; n !== null; n = next) {
			const hash =
				tbl.hash(neigh_pkey(n), n.dev, new_nht.hash_rnd) >>> (32 - new_nht.hash_shift);
			next = n.next;
			n.next = new_nht.hash_buckets[hash]!;
			new_nht.hash_buckets[hash] = n;
		}
	}
	tbl.nht = new_nht;
	return new_nht;
}

/**
 * Finds a neighbour.
 * @returns a referenced neighbour or null
 * @kernel net/core/neighbour.c:523 (v5.10)
 */
export function neigh_lookup(
	tbl: neigh_table,
	pkey: neigh_key,
	dev: net_device,
): neighbour | null {
	tbl.stats.lookups++;
	const n = __neigh_lookup_noref(tbl, pkey, dev);
	if (n !== null) {
		n.refcnt++;
		tbl.stats.hits++;
	}
	return n;
}

/**
 * Makes a neighbour, or finds the one that is there.
 * @param exempt_from_gc permanent or learnt elsewhere
 * @param want_ref the caller gets a reference
 * @returns the neighbour, -ENOBUFS when the table is full, -EINVAL when the device has no parameters
 * @kernel net/core/neighbour.c:574 (v5.10)
 */
function ___neigh_create(
	tbl: neigh_table,
	pkey: neigh_key,
	dev: net_device,
	exempt_from_gc: boolean,
	want_ref: boolean,
): neighbour | number {
	const n = neigh_alloc(tbl, pkey, dev, exempt_from_gc);
	if (n === null) return -ENOBUFS;
	let rc: neighbour | number;
	dev_hold(dev);

	out_neigh_release: {
		let error = tbl.constructor_(n);
		if (error < 0) {
			rc = error;
			break out_neigh_release;
		}
		if (dev.netdev_ops.ndo_neigh_construct !== undefined) {
			error = dev.netdev_ops.ndo_neigh_construct(dev, n);
			if (error < 0) {
				rc = error;
				break out_neigh_release;
			}
		}
		if (n.parms.neigh_setup !== null) {
			error = n.parms.neigh_setup(n);
			if (error < 0) {
				rc = error;
				break out_neigh_release;
			}
		}
		n.confirmed =
			tbl.machine.jiffies - (NEIGH_VAR(n.parms, NEIGH_VAR_BASE_REACHABLE_TIME) << 1);

		let nht = tbl.nht;
		if (tbl.entries > 1 << nht.hash_shift) nht = neigh_hash_grow(tbl, nht.hash_shift + 1);
		/* The constructor may have changed the key (loopback). */
		const key = neigh_pkey(n);
		const hash_val = tbl.hash(key, dev, nht.hash_rnd) >>> (32 - nht.hash_shift);
		if (n.parms.dead !== 0) {
			rc = -EINVAL;
			break out_neigh_release;
		}
		for (let n1 = nht.hash_buckets[hash_val] ?? null; n1 !== null; n1 = n1.next) {
			if (dev === n1.dev && tbl.key_eq(n1, key)) {
				if (want_ref) neigh_hold(n1);
				rc = n1;
				break out_neigh_release;
			}
		}
		n.dead = 0;
		if (!exempt_from_gc) {
			n.on_gc_list = true;
			tbl.gc_list.add(n);
		}
		if (want_ref) neigh_hold(n);
		n.next = nht.hash_buckets[hash_val]!;
		nht.hash_buckets[hash_val] = n;
		return n;
	}
	if (!exempt_from_gc) tbl.gc_entries--;
	neigh_release(n);
	return rc;
}

/**
 * Makes a neighbour, or finds the one that is there.
 * @param want_ref the caller gets a reference
 * @returns the neighbour or a negative errno
 * @kernel net/core/neighbour.c:670 (v5.10)
 */
export function __neigh_create(
	tbl: neigh_table,
	pkey: neigh_key,
	dev: net_device,
	want_ref: boolean,
): neighbour | number {
	return ___neigh_create(tbl, pkey, dev, false, want_ref);
}

/**
 * Drops a reference on parameters.
 * @kernel net/core/neighbour.c:820 (v5.10)
 */
function neigh_parms_put(parms: neigh_parms): void {
	parms.refcnt--;
}

/**
 * Destroys a neighbour that is out of its table.
 * @kernel net/core/neighbour.c:830 (v5.10)
 */
export function neigh_destroy(neigh: neighbour): void {
	const dev = neigh.dev;
	neigh.tbl.stats.destroys++;
	if (neigh.dead === 0) {
		neigh.tbl.machine.record('WARN', 'neigh_destroy', 'destroying alive neighbour');
		return;
	}
	neigh_del_timer(neigh);
	__skb_queue_purge(neigh.arp_queue);
	neigh.arp_queue_len_bytes = 0;
	dev.netdev_ops.ndo_neigh_destroy?.(dev, neigh);
	dev_put(dev);
	neigh_parms_put(neigh.parms);
	neigh.tbl.entries--;
}

/**
 * Switches the fast output off.
 * @kernel net/core/neighbour.c:868 (v5.10)
 */
function neigh_suspect(neigh: neighbour): void {
	neigh.output = neigh.ops.output;
}

/**
 * Switches the fast output on.
 * @kernel net/core/neighbour.c:880 (v5.10)
 */
function neigh_connect(neigh: neighbour): void {
	neigh.output = neigh.ops.connected_output;
}

/**
 * Garbage collection at intervals; draws new reachable times every five minutes.
 * @kernel net/core/neighbour.c:887 (v5.10)
 */
function neigh_periodic_work(tbl: neigh_table): void {
	const m = tbl.machine;
	tbl.stats.periodic_gc_runs++;
	if (time_after(m.jiffies, tbl.last_rand + 300 * HZ)) {
		tbl.last_rand = m.jiffies;
		for (const p of tbl.parms_list)
			p.reachable_time = neigh_rand_reach_time(
				m,
				NEIGH_VAR(p, NEIGH_VAR_BASE_REACHABLE_TIME),
			);
	}
	if (tbl.entries >= tbl.gc_thresh1) {
		const nht = tbl.nht;
		for (let i = 0; i < 1 << nht.hash_shift; i++) {
			let prev: neighbour | null = null;
			let n: neighbour | null = nht.hash_buckets[i] ?? null;
			while (n !== null) {
				const next: neighbour | null = n.next;
				const state = n.nud_state;
				if (
					(state & (NUD_PERMANENT | NUD_IN_TIMER)) !== 0 ||
					(n.flags & NTF_EXT_LEARNED) !== 0
				) {
					prev = n;
					n = next;
					continue;
				}
				if (time_before(n.used, n.confirmed)) n.used = n.confirmed;
				if (
					n.refcnt === 1 &&
					(state === NUD_FAILED ||
						time_after(
							m.jiffies,
							n.used + NEIGH_VAR(n.parms, NEIGH_VAR_GC_STALETIME),
						))
				) {
					neigh_unlink(nht, i, prev, n);
					neigh_mark_dead(n);
					neigh_cleanup_and_release(n);
					n = next;
					continue;
				}
				prev = n;
				n = next;
			}
		}
	}
	queue_delayed_work(
		tbl.gc_work!,
		NEIGH_VAR(tbl.parms, NEIGH_VAR_BASE_REACHABLE_TIME) >> 1,
	);
}

/**
 * How many unanswered requests make a neighbour fail.
 * @kernel net/core/neighbour.c:969 (v5.10)
 */
function neigh_max_probes(n: neighbour): number {
	const p = n.parms;
	return (
		NEIGH_VAR(p, NEIGH_VAR_UCAST_PROBES) +
		NEIGH_VAR(p, NEIGH_VAR_APP_PROBES) +
		((n.nud_state & NUD_PROBE) !== 0
			? NEIGH_VAR(p, NEIGH_VAR_MCAST_REPROBES)
			: NEIGH_VAR(p, NEIGH_VAR_MCAST_PROBES))
	);
}

/**
 * Reports all packets that wait for a failed neighbour as undeliverable.
 * @kernel net/core/neighbour.c:977 (v5.10)
 */
function neigh_invalidate(neigh: neighbour): void {
	neigh.tbl.stats.res_failed++;
	neigh.updated = neigh.tbl.machine.jiffies;
	let skb: sk_buff | null;
	while (
		neigh.nud_state === NUD_FAILED &&
		(skb = __skb_dequeue(neigh.arp_queue)) !== null
	) {
		if (neigh.ops.error_report !== null) neigh.ops.error_report(neigh, skb);
		else kfree_skb(skb);
	}
	__skb_queue_purge(neigh.arp_queue);
	neigh.arp_queue_len_bytes = 0;
}

/**
 * Asks for a neighbour once.
 * @kernel net/core/neighbour.c:1002 (v5.10)
 */
function neigh_probe(neigh: neighbour): void {
	let skb = skb_peek_tail(neigh.arp_queue);
	if (skb !== null) skb = skb_clone(skb);
	if (neigh.ops.solicit !== null) neigh.ops.solicit(neigh, skb);
	neigh.probes++;
	consume_skb(skb);
}

/**
 * A neighbour's timer: reachable turns stale or delayed, delayed turns reachable or probed, and
 * unanswered probes turn into failure. Softirq.
 * @kernel net/core/neighbour.c:1018 (v5.10)
 */
function neigh_timer_handler(neigh: neighbour): void {
	const m = neigh.tbl.machine;
	let notify = false;
	const state = neigh.nud_state;
	const now = m.jiffies;
	let next = now + HZ;

	out: {
		if ((state & NUD_IN_TIMER) === 0) break out;
		if ((state & NUD_REACHABLE) !== 0) {
			if (now <= neigh.confirmed + neigh.parms.reachable_time) {
				next = neigh.confirmed + neigh.parms.reachable_time;
			} else if (
				now <=
				neigh.used + NEIGH_VAR(neigh.parms, NEIGH_VAR_DELAY_PROBE_TIME)
			) {
				neigh.nud_state = NUD_DELAY;
				neigh.updated = m.jiffies;
				neigh_suspect(neigh);
				next = now + NEIGH_VAR(neigh.parms, NEIGH_VAR_DELAY_PROBE_TIME);
			} else {
				neigh.nud_state = NUD_STALE;
				neigh.updated = m.jiffies;
				neigh_suspect(neigh);
				notify = true;
			}
		} else if ((state & NUD_DELAY) !== 0) {
			if (now <= neigh.confirmed + NEIGH_VAR(neigh.parms, NEIGH_VAR_DELAY_PROBE_TIME)) {
				neigh.nud_state = NUD_REACHABLE;
				neigh.updated = m.jiffies;
				neigh_connect(neigh);
				notify = true;
				next = neigh.confirmed + neigh.parms.reachable_time;
			} else {
				neigh.nud_state = NUD_PROBE;
				neigh.updated = m.jiffies;
				neigh.probes = 0;
				notify = true;
				next = now + Math.max(NEIGH_VAR(neigh.parms, NEIGH_VAR_RETRANS_TIME), HZ / 100);
			}
		} else {
			/* NUD_PROBE|NUD_INCOMPLETE */
			next = now + Math.max(NEIGH_VAR(neigh.parms, NEIGH_VAR_RETRANS_TIME), HZ / 100);
		}

		if (
			(neigh.nud_state & (NUD_INCOMPLETE | NUD_PROBE)) !== 0 &&
			neigh.probes >= neigh_max_probes(neigh)
		) {
			neigh.nud_state = NUD_FAILED;
			notify = true;
			neigh_invalidate(neigh);
			break out;
		}

		if ((neigh.nud_state & NUD_IN_TIMER) !== 0) {
			if (time_before(next, m.jiffies + HZ / 100)) next = m.jiffies + HZ / 100;
			if (mod_timer(neigh.timer, next) === 0) neigh_hold(neigh);
		}
		if ((neigh.nud_state & (NUD_INCOMPLETE | NUD_PROBE)) !== 0) neigh_probe(neigh);
	}

	if (notify) neigh_update_notify(neigh);
	neigh_release(neigh);
}

/**
 * A packet wants to go to a neighbour that is not known to be there: queues it, and starts asking.
 * @param skb the packet, or null
 * @returns 0 when the packet may go, 1 when it was queued or dropped
 * @kernel net/core/neighbour.c:1107 (v5.10)
 */
export function __neigh_event_send(neigh: neighbour, skb: sk_buff | null): number {
	const m = neigh.tbl.machine;
	let rc = 0;
	let immediate_probe = false;

	m.local_bh_disable();
	out_unlock_bh: {
		if ((neigh.nud_state & (NUD_CONNECTED | NUD_DELAY | NUD_PROBE)) !== 0)
			break out_unlock_bh;
		if (neigh.dead !== 0) {
			if ((neigh.nud_state & NUD_STALE) !== 0) break out_unlock_bh;
			m.local_bh_enable();
			kfree_skb(skb);
			return 1;
		}
		if ((neigh.nud_state & (NUD_STALE | NUD_INCOMPLETE)) === 0) {
			if (
				NEIGH_VAR(neigh.parms, NEIGH_VAR_MCAST_PROBES) +
					NEIGH_VAR(neigh.parms, NEIGH_VAR_APP_PROBES) !==
				0
			) {
				const now = m.jiffies;
				neigh.probes = NEIGH_VAR(neigh.parms, NEIGH_VAR_UCAST_PROBES);
				neigh_del_timer(neigh);
				neigh.nud_state = NUD_INCOMPLETE;
				neigh.updated = now;
				neigh_add_timer(
					neigh,
					now + Math.max(NEIGH_VAR(neigh.parms, NEIGH_VAR_RETRANS_TIME), HZ / 100),
				);
				immediate_probe = true;
			} else {
				neigh.nud_state = NUD_FAILED;
				neigh.updated = m.jiffies;
				m.local_bh_enable();
				kfree_skb(skb);
				return 1;
			}
		} else if ((neigh.nud_state & NUD_STALE) !== 0) {
			neigh_del_timer(neigh);
			neigh.nud_state = NUD_DELAY;
			neigh.updated = m.jiffies;
			neigh_add_timer(
				neigh,
				m.jiffies + NEIGH_VAR(neigh.parms, NEIGH_VAR_DELAY_PROBE_TIME),
			);
		}
		if (neigh.nud_state === NUD_INCOMPLETE) {
			if (skb !== null) {
				while (
					neigh.arp_queue_len_bytes + skb.truesize >
					NEIGH_VAR(neigh.parms, NEIGH_VAR_QUEUE_LEN_BYTES)
				) {
					const buff = __skb_dequeue(neigh.arp_queue);
					if (buff === null) break;
					neigh.arp_queue_len_bytes -= buff.truesize;
					kfree_skb(buff);
					neigh.tbl.stats.unres_discards++;
				}
				skb_dst_force(skb);
				__skb_queue_tail(neigh.arp_queue, skb);
				neigh.arp_queue_len_bytes += skb.truesize;
			}
			rc = 1;
		}
	}
	if (immediate_probe) neigh_probe(neigh);
	m.local_bh_enable();
	return rc;
}

/**
 * Puts a new link address into the cached header.
 * @kernel net/core/neighbour.c:1189 (v5.10)
 */
function neigh_update_hhs(neigh: neighbour): void {
	const update = neigh.dev.header_ops?.cache_update;
	if (update !== undefined && neigh.hh.hh_len !== 0) update(neigh.hh, neigh.dev, neigh.ha);
}

/**
 * Compares a link address with the known one.
 * @kernel PORT: memcmp of __neigh_update
 */
function neigh_ha_equal(neigh: neighbour, lladdr: Uint8Array, len: number): boolean {
	for (let i = 0; i < len; i++) if (lladdr[i] !== neigh.ha[i]) return false;
	return true;
}

/**
 * Brings news about a neighbour. The caller holds a reference.
 * @param lladdr link address, null when none is known
 * @param new_ NUD_*
 * @param flags NEIGH_UPDATE_F_*
 * @returns 0, -EPERM for an entry that only an administrator may change or that is dead, -EINVAL when a valid
 * state comes without any address
 * @kernel net/core/neighbour.c:1229 (v5.10)
 */
function __neigh_update(
	neigh: neighbour,
	lladdr: Uint8Array | null,
	new_: number,
	flags: number,
	extack: netlink_ext_ack | null,
): number {
	const m = neigh.tbl.machine;
	const dev = neigh.dev;
	const old = neigh.nud_state;
	let ext_learn_change = false;
	let err = -EPERM;
	let notify = false;
	let update_isrouter = false;

	out: {
		if (
			(flags & NEIGH_UPDATE_F_ADMIN) === 0 &&
			(old & (NUD_NOARP | NUD_PERMANENT)) !== 0
		)
			break out;
		if (neigh.dead !== 0) {
			NL_SET_ERR_MSG(extack, 'Neighbor entry is now dead');
			break out;
		}
		ext_learn_change = neigh_update_ext_learned(neigh, flags);
		if (ext_learn_change) notify = true;

		if ((new_ & NUD_VALID) === 0) {
			neigh_del_timer(neigh);
			if ((old & NUD_CONNECTED) !== 0) neigh_suspect(neigh);
			neigh.nud_state = new_;
			err = 0;
			notify = (old & NUD_VALID) !== 0;
			if (
				(old & (NUD_INCOMPLETE | NUD_PROBE)) !== 0 &&
				(new_ & NUD_FAILED) !== 0
			) {
				neigh_invalidate(neigh);
				notify = true;
			}
			break out;
		}

		/* same: lladdr points at neigh->ha in C */
		let same = false;
		if (dev.addr_len === 0) {
			same = true;
		} else if (lladdr !== null) {
			if ((old & NUD_VALID) !== 0 && neigh_ha_equal(neigh, lladdr, dev.addr_len))
				same = true;
		} else {
			err = -EINVAL;
			if ((old & NUD_VALID) === 0) {
				NL_SET_ERR_MSG(extack, 'No link layer address given');
				break out;
			}
			same = true;
		}

		if ((new_ & NUD_CONNECTED) !== 0) neigh.confirmed = m.jiffies;

		err = 0;
		update_isrouter = (flags & NEIGH_UPDATE_F_OVERRIDE_ISROUTER) !== 0;
		if ((old & NUD_VALID) !== 0) {
			if (!same && (flags & NEIGH_UPDATE_F_OVERRIDE) === 0) {
				update_isrouter = false;
				if (
					(flags & NEIGH_UPDATE_F_WEAK_OVERRIDE) !== 0 &&
					(old & NUD_CONNECTED) !== 0
				) {
					same = true;
					new_ = NUD_STALE;
				} else {
					break out;
				}
			} else if (
				same &&
				new_ === NUD_STALE &&
				(flags & NEIGH_UPDATE_F_ADMIN) === 0
			) {
				new_ = old;
			}
		}

		if (new_ !== old || !same) neigh.updated = m.jiffies;

		if (new_ !== old) {
			neigh_del_timer(neigh);
			if ((new_ & NUD_PROBE) !== 0) neigh.probes = 0;
			if ((new_ & NUD_IN_TIMER) !== 0)
				neigh_add_timer(
					neigh,
					m.jiffies + ((new_ & NUD_REACHABLE) !== 0 ? neigh.parms.reachable_time : 0),
				);
			neigh.nud_state = new_;
			notify = true;
		}

		if (!same) {
			for (let i = 0; i < dev.addr_len; i++) neigh.ha[i] = lladdr![i]!;
			neigh_update_hhs(neigh);
			if ((new_ & NUD_CONNECTED) === 0)
				neigh.confirmed =
					m.jiffies - (NEIGH_VAR(neigh.parms, NEIGH_VAR_BASE_REACHABLE_TIME) << 1);
			notify = true;
		}
		if (new_ === old) break out;
		if ((new_ & NUD_CONNECTED) !== 0) neigh_connect(neigh);
		else neigh_suspect(neigh);
		if ((old & NUD_VALID) === 0) {
			let skb: sk_buff | null;
			while (
				(neigh.nud_state & NUD_VALID) !== 0 &&
				(skb = __skb_dequeue(neigh.arp_queue)) !== null
			) {
				const dst = skb._dst;
				let n1 = neigh;
				let n2: neighbour | null = null;
				if (dst !== null) {
					n2 = dst.ops.neigh_lookup(dst, skb, null);
					if (n2 !== null) n1 = n2;
				}
				n1.output(n1, skb);
				if (n2 !== null) neigh_release(n2);
			}
			__skb_queue_purge(neigh.arp_queue);
			neigh.arp_queue_len_bytes = 0;
		}
	}
	if (update_isrouter && neigh_update_is_router(neigh, flags)) notify = true;
	if (((new_ ^ old) & NUD_PERMANENT) !== 0 || ext_learn_change) neigh_update_gc_list(neigh);
	if (notify) neigh_update_notify(neigh);
	return err;
}

/**
 * Brings news about a neighbour. The caller holds a reference.
 * @param lladdr link address, null when none is known
 * @param new_ NUD_*
 * @param flags NEIGH_UPDATE_F_*
 * @returns 0 or a negative errno, see __neigh_update()
 * @kernel net/core/neighbour.c:1413 (v5.10)
 */
export function neigh_update(
	neigh: neighbour,
	lladdr: Uint8Array | null,
	new_: number,
	flags: number,
): number {
	return __neigh_update(neigh, lladdr, new_, flags, null);
}

/**
 * Lets a failed neighbour listen for an answer once more.
 * @kernel net/core/neighbour.c:1423 (v5.10)
 */
export function __neigh_set_probe_once(neigh: neighbour): void {
	if (neigh.dead !== 0) return;
	neigh.updated = neigh.tbl.machine.jiffies;
	if ((neigh.nud_state & NUD_FAILED) === 0) return;
	neigh.nud_state = NUD_INCOMPLETE;
	neigh.probes = neigh_max_probes(neigh);
	neigh_add_timer(
		neigh,
		neigh.tbl.machine.jiffies +
			Math.max(NEIGH_VAR(neigh.parms, NEIGH_VAR_RETRANS_TIME), HZ / 100),
	);
}

/**
 * Someone asked for us: that tells where he is.
 * @param lladdr his link address, or null
 * @param saddr his address
 * @returns a referenced neighbour or null
 * @kernel net/core/neighbour.c:1438 (v5.10)
 */
export function neigh_event_ns(
	tbl: neigh_table,
	lladdr: Uint8Array | null,
	saddr: neigh_key,
	dev: net_device,
): neighbour | null {
	const neigh = __neigh_lookup(tbl, saddr, dev, lladdr !== null || dev.addr_len === 0);
	if (neigh !== null) neigh_update(neigh, lladdr, NUD_STALE, NEIGH_UPDATE_F_OVERRIDE);
	return neigh;
}

/**
 * Makes the cached link header.
 * @kernel net/core/neighbour.c:1452 (v5.10)
 */
function neigh_hh_init(n: neighbour): void {
	const hh = n.hh;
	if (hh.hh_len === 0) n.dev.header_ops!.cache!(n, hh, n.tbl.protocol);
}

/**
 * Output of a neighbour that is not known to be there.
 * @returns 0, NET_XMIT_*, or -EINVAL when no header could be made
 * @kernel net/core/neighbour.c:1471 (v5.10)
 */
export function neigh_resolve_output(neigh: neighbour, skb: sk_buff): number {
	if (neigh_event_send(neigh, skb) !== 0) return 0;
	const dev = neigh.dev;
	if (neigh.hh.hh_len === 0 && dev.header_ops?.cache !== undefined) neigh_hh_init(neigh);
	__skb_pull(skb, skb_network_offset(skb));
	const err = dev_hard_header(skb, dev, skb.protocol, neigh.ha, null, skb.len);
	if (err >= 0) return dev_queue_xmit(skb);
	kfree_skb(skb);
	return -EINVAL;
}

/**
 * Output of a neighbour that is there, without its cached header.
 * @returns NET_XMIT_*, or -EINVAL when no header could be made
 * @kernel net/core/neighbour.c:1506 (v5.10)
 */
export function neigh_connected_output(neigh: neighbour, skb: sk_buff): number {
	__skb_pull(skb, skb_network_offset(skb));
	const err = dev_hard_header(skb, neigh.dev, skb.protocol, neigh.ha, null, skb.len);
	if (err >= 0) return dev_queue_xmit(skb);
	kfree_skb(skb);
	return -EINVAL;
}

/**
 * Output on a device without link header.
 * @returns NET_XMIT_*
 * @kernel net/core/neighbour.c:1529 (v5.10)
 */
export function neigh_direct_output(_neigh: neighbour, skb: sk_buff): number {
	return dev_queue_xmit(skb);
}

/**
 * Makes a device's parameters from the table's defaults.
 * @returns null when the driver refuses
 * @kernel net/core/neighbour.c:1612 (v5.10)
 */
export function neigh_parms_alloc(dev: net_device, tbl: neigh_table): neigh_parms | null {
	const p = new neigh_parms(tbl);
	p.data.set(tbl.parms.data);
	p.data_state = tbl.parms.data_state;
	p.neigh_setup = tbl.parms.neigh_setup;
	p.reachable_time = neigh_rand_reach_time(
		tbl.machine,
		NEIGH_VAR(p, NEIGH_VAR_BASE_REACHABLE_TIME),
	);
	dev_hold(dev);
	p.dev = dev;
	p.net = dev_net(dev);
	const ops = dev.netdev_ops;
	if (ops.ndo_neigh_setup !== undefined && ops.ndo_neigh_setup(dev, p) !== 0) {
		dev_put(dev);
		return null;
	}
	tbl.parms_list.push(p);
	neigh_parms_data_state_cleanall(p);
	return p;
}

/**
 * Gives up a device's parameters.
 * @kernel net/core/neighbour.c:1654 (v5.10)
 */
export function neigh_parms_release(tbl: neigh_table, parms: neigh_parms | null): void {
	if (parms === null || parms === tbl.parms) return;
	const i = tbl.parms_list.indexOf(parms);
	if (i >= 0) tbl.parms_list.splice(i, 1);
	parms.dead = 1;
	if (parms.dev !== null) dev_put(parms.dev);
	neigh_parms_put(parms);
}

/**
 * Puts a table into service.
 * @param index NEIGH_*_TABLE
 * @kernel net/core/neighbour.c:1677 (v5.10)
 */
export function neigh_table_init(index: number, tbl: neigh_table): void {
	const m = tbl.machine;
	const now = m.jiffies;
	tbl.parms_list.unshift(tbl.parms);
	tbl.parms.net = m.init_net;
	tbl.parms.refcnt = 1;
	tbl.parms.reachable_time = neigh_rand_reach_time(
		m,
		NEIGH_VAR(tbl.parms, NEIGH_VAR_BASE_REACHABLE_TIME),
	);
	tbl.nht = neigh_hash_alloc(m, 3);
	tbl.gc_work = new delayed_work(m, () => {
		neigh_periodic_work(tbl);
	});
	queue_delayed_work(tbl.gc_work, tbl.parms.reachable_time);
	tbl.last_flush = now;
	tbl.last_rand = now + tbl.parms.reachable_time * 20;
	m.neigh_tables[index] = tbl;
}

/**
 * Takes a table out of service.
 * @param index NEIGH_*_TABLE
 * @returns 0
 * @kernel net/core/neighbour.c:1729 (v5.10)
 */
export function neigh_table_clear(index: number, tbl: neigh_table): number {
	tbl.machine.neigh_tables[index] = null;
	if (tbl.gc_work !== null) cancel_delayed_work_sync(tbl.gc_work);
	neigh_ifdown(tbl, null);
	if (tbl.entries !== 0) tbl.machine.record('WARN', 'neigh_table_clear', 'neighbour leakage');
	return 0;
}

/**
 * The table of an address family.
 * @returns null when there is none
 * @kernel PORT: net/core/neighbour.c neigh_find_table; exported, as include/net/route.h reaches nd_tbl
 * through ipv6_stub
 */
export function neigh_find_table(m: Machine, family: number): neigh_table | null {
	switch (family) {
		case AF_INET:
			return m.neigh_tables[NEIGH_ARP_TABLE]!;
		case AF_INET6:
			return m.neigh_tables[NEIGH_ND_TABLE]!;
		default:
			return null;
	}
}

/**
 * Reads a network address out of a request.
 * @returns number (IPv4) or 16 bytes, null when it is absent or too short
 * @kernel PORT: nla_data(tb[NDA_DST]) with the length check
 */
function neigh_nla_key(tb: nlattrs, tbl: neigh_table): neigh_key | null {
	const v = tb.get(NDA_DST);
	if (tbl.key_len === 4) {
		if (typeof v === 'number') return v >>> 0;
		if (v instanceof Uint8Array && v.length >= 4)
			return ((v[0] << 24) | (v[1] << 16) | (v[2] << 8) | v[3]) >>> 0;
		return null;
	}
	return v instanceof Uint8Array && v.length >= tbl.key_len ? v : null;
}

/**
 * RTM_DELNEIGH.
 * @returns 0, -EINVAL, -ENODEV, -EAFNOSUPPORT, -ENOENT when there is no such neighbour
 * @kernel net/core/neighbour.c:1791 (v5.10)
 */
function neigh_delete(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	const ndm = nlh as ndmsg_msg;
	if (!ndm.tb.has(NDA_DST)) {
		NL_SET_ERR_MSG(extack, 'Network address not specified');
		return -EINVAL;
	}
	let dev: net_device | null = null;
	if (ndm.ndm_ifindex !== 0) {
		dev = __dev_get_by_index(net, ndm.ndm_ifindex);
		if (dev === null) return -ENODEV;
	}
	const tbl = neigh_find_table(net.machine, ndm.ndm_family);
	if (tbl === null) return -EAFNOSUPPORT;
	const dst = neigh_nla_key(ndm.tb, tbl);
	if (dst === null) {
		NL_SET_ERR_MSG(extack, 'Invalid network address');
		return -EINVAL;
	}
	if ((ndm.ndm_flags & NTF_PROXY) !== 0) return -ENOENT;
	if (dev === null) return -EINVAL;
	const neigh = neigh_lookup(tbl, dst, dev);
	if (neigh === null) return -ENOENT;
	const err = __neigh_update(
		neigh,
		null,
		NUD_FAILED,
		NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN,
		extack,
	);
	neigh_release(neigh);
	neigh_remove_one(neigh, tbl);
	return err;
}

/**
 * RTM_NEWNEIGH.
 * @returns 0, -EINVAL, -ENODEV, -EAFNOSUPPORT, -ENOENT without NLM_F_CREATE, -EEXIST with NLM_F_EXCL,
 * -EOPNOTSUPP for proxy entries
 * @kernel net/core/neighbour.c:1856 (v5.10)
 */
function neigh_add(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	let flags =
		NEIGH_UPDATE_F_ADMIN | NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE_ISROUTER;
	const ndm = nlh as ndmsg_msg;
	const tb = ndm.tb;
	if (!tb.has(NDA_DST)) {
		NL_SET_ERR_MSG(extack, 'Network address not specified');
		return -EINVAL;
	}
	const lladdr = nla_data(tb, NDA_LLADDR);
	let dev: net_device | null = null;
	if (ndm.ndm_ifindex !== 0) {
		dev = __dev_get_by_index(net, ndm.ndm_ifindex);
		if (dev === null) return -ENODEV;
		if (lladdr !== null && lladdr.length < dev.addr_len) {
			NL_SET_ERR_MSG(extack, 'Invalid link address');
			return -EINVAL;
		}
	}
	const tbl = neigh_find_table(net.machine, ndm.ndm_family);
	if (tbl === null) return -EAFNOSUPPORT;
	const dst = neigh_nla_key(tb, tbl);
	if (dst === null) {
		NL_SET_ERR_MSG(extack, 'Invalid network address');
		return -EINVAL;
	}
	const protocol = nla_get_u8(tb, NDA_PROTOCOL) ?? 0;
	if ((ndm.ndm_flags & NTF_PROXY) !== 0) return -EOPNOTSUPP;
	if (dev === null) {
		NL_SET_ERR_MSG(extack, 'Device not specified');
		return -EINVAL;
	}
	if (tbl.allow_add !== null && !tbl.allow_add(dev, extack)) return -EINVAL;

	let neigh = neigh_lookup(tbl, dst, dev);
	if (neigh === null) {
		if ((nlh.flags & NLM_F_CREATE) === 0) return -ENOENT;
		const exempt_from_gc =
			(ndm.ndm_state & NUD_PERMANENT) !== 0 || (ndm.ndm_flags & NTF_EXT_LEARNED) !== 0;
		const made = ___neigh_create(tbl, dst, dev, exempt_from_gc, true);
		if (IS_ERR(made)) return made;
		neigh = made;
	} else {
		if ((nlh.flags & NLM_F_EXCL) !== 0) {
			neigh_release(neigh);
			return -EEXIST;
		}
		if ((nlh.flags & NLM_F_REPLACE) === 0)
			flags &= ~(NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE_ISROUTER);
	}

	if (protocol !== 0) neigh.protocol = protocol;
	if ((ndm.ndm_flags & NTF_EXT_LEARNED) !== 0) flags |= NEIGH_UPDATE_F_EXT_LEARNED;
	if ((ndm.ndm_flags & NTF_ROUTER) !== 0) flags |= NEIGH_UPDATE_F_ISROUTER;

	let err = 0;
	if ((ndm.ndm_flags & NTF_USE) !== 0) neigh_event_send(neigh, null);
	else err = __neigh_update(neigh, lladdr, ndm.ndm_state, flags, extack);
	neigh_release(neigh);
	return err;
}

/**
 * Jiffies in the unit that user land expects of clock ticks.
 * @returns hundredths of a second
 * @kernel PORT: kernel/time/time.c jiffies_to_clock_t
 */
function jiffies_to_clock_t(x: number): number {
	return Math.trunc((x * USER_HZ) / HZ);
}

/**
 * Describes a neighbour in a message.
 * @param type RTM_NEWNEIGH, RTM_DELNEIGH or RTM_GETNEIGH
 * @param flags NLM_F_*
 * @kernel net/core/neighbour.c:2429 (v5.10)
 */
function neigh_fill_info(neigh: neighbour, type: number, flags: number): ndmsg_msg {
	const now = neigh.tbl.machine.jiffies;
	const ndm = new ndmsg_msg(type, flags);
	ndm.ndm_family = neigh.ops.family;
	ndm.ndm_flags = neigh.flags;
	ndm.ndm_type = neigh.type;
	ndm.ndm_ifindex = neigh.dev.ifindex;
	if (neigh.tbl.key_len === 4) nla_put_u32(ndm.tb, NDA_DST, neigh.key32);
	else nla_put(ndm.tb, NDA_DST, neigh.primary_key.slice());
	ndm.ndm_state = neigh.nud_state;
	if ((neigh.nud_state & NUD_VALID) !== 0) {
		const haddr = new Uint8Array(Math.min(neigh.dev.addr_len, MAX_ADDR_LEN));
		neigh_ha_snapshot(haddr, neigh, neigh.dev);
		nla_put(ndm.tb, NDA_LLADDR, haddr);
	}
	const ci = nla_nest_start(ndm.tb, NDA_CACHEINFO);
	ci.set(NDA_CACHEINFO_used, jiffies_to_clock_t(now - neigh.used));
	ci.set(NDA_CACHEINFO_confirmed, jiffies_to_clock_t(now - neigh.confirmed));
	ci.set(NDA_CACHEINFO_updated, jiffies_to_clock_t(now - neigh.updated));
	ci.set(NDA_CACHEINFO_refcnt, neigh.refcnt - 1);
	nla_put_u32(ndm.tb, NDA_PROBES, neigh.probes);
	if (neigh.protocol !== 0) nla_put_u8(ndm.tb, NDA_PROTOCOL, neigh.protocol);
	return ndm;
}

/**
 * Tells all who listen that a neighbour changed.
 * @kernel net/core/neighbour.c:2519 (v5.10)
 */
function neigh_update_notify(neigh: neighbour): void {
	call_netevent_notifiers(neigh.tbl.machine, NETEVENT_NEIGH_UPDATE, neigh);
	__neigh_notify(neigh, RTM_NEWNEIGH, 0);
}

/**
 * Does a dump leave a device out because of its master?
 * @param master_idx 0: no filter
 * @kernel net/core/neighbour.c:2525 (v5.10)
 */
function neigh_master_filtered(dev: net_device | null, master_idx: number): boolean {
	if (master_idx === 0) return false;
	const master = dev !== null ? netdev_master_upper_dev_get(dev) : null;
	return master?.ifindex !== master_idx;
}

/**
 * Does a dump leave a device out?
 * @param filter_idx 0: no filter
 * @kernel net/core/neighbour.c:2539 (v5.10)
 */
function neigh_ifindex_filtered(dev: net_device | null, filter_idx: number): boolean {
	return filter_idx !== 0 && dev?.ifindex !== filter_idx;
}

/** What a dump is restricted to; 0 for no restriction. */
class neigh_dump_filter {
	master_idx = 0;
	dev_idx = 0;
}

/**
 * Dumps the neighbours of a namespace out of one table.
 * @kernel net/core/neighbour.c:2552 (v5.10)
 */
function neigh_dump_table(
	tbl: neigh_table,
	net: net,
	out: nlmsg[],
	filter: neigh_dump_filter,
): number {
	let flags = NLM_F_MULTI;
	if (filter.dev_idx !== 0 || filter.master_idx !== 0) flags |= NLM_F_DUMP_FILTERED;
	for (const bucket of tbl.nht.hash_buckets) {
		for (let n = bucket; n !== null; n = n.next) {
			if (dev_net(n.dev) !== net) continue;
			if (
				neigh_ifindex_filtered(n.dev, filter.dev_idx) ||
				neigh_master_filtered(n.dev, filter.master_idx)
			)
				continue;
			out.push(neigh_fill_info(n, RTM_NEWNEIGH, flags));
		}
	}
	return 0;
}

/**
 * Checks a dump request and reads its filters.
 * @returns 0 or -EINVAL
 * @kernel net/core/neighbour.c:2644 (v5.10)
 */
function neigh_valid_dump_req(
	nlh: nlmsg,
	filter: neigh_dump_filter,
	extack: netlink_ext_ack | null,
): number {
	if (nlh instanceof ndmsg_msg) {
		if (nlh.ndm_ifindex !== 0 || nlh.ndm_state !== 0 || nlh.ndm_type !== 0) {
			NL_SET_ERR_MSG(extack, 'Invalid values in header for neighbor dump request');
			return -EINVAL;
		}
		if ((nlh.ndm_flags & ~NTF_PROXY) !== 0) {
			NL_SET_ERR_MSG(extack, 'Invalid flags in header for neighbor dump request');
			return -EINVAL;
		}
	}
	for (const i of nlh.tb.keys()) {
		switch (i) {
			case NDA_IFINDEX:
				filter.dev_idx = nla_get_u32(nlh.tb, i) ?? 0;
				break;
			case NDA_MASTER:
				filter.master_idx = nla_get_u32(nlh.tb, i) ?? 0;
				break;
			default:
				NL_SET_ERR_MSG(extack, 'Unsupported attribute in neighbor dump request');
				return -EINVAL;
		}
	}
	return 0;
}

/**
 * RTM_GETNEIGH with NLM_F_DUMP.
 * @returns 0 or -EINVAL
 * @kernel net/core/neighbour.c:2705 (v5.10)
 */
function neigh_dump_info(
	net: net,
	nlh: nlmsg,
	out: nlmsg[],
	extack: netlink_ext_ack | null,
): number {
	const filter = new neigh_dump_filter();
	const family = rtnl_msg_family(nlh);
	const proxy = nlh instanceof ndmsg_msg && nlh.ndm_flags === NTF_PROXY;
	const err = neigh_valid_dump_req(nlh, filter, extack);
	if (err < 0) return err;
	for (const tbl of net.machine.neigh_tables) {
		if (tbl === null) continue;
		if (family !== 0 && tbl.family !== family) continue;
		if (!proxy) neigh_dump_table(tbl, net, out, filter);
	}
	return 0;
}

/**
 * RTM_GETNEIGH for one neighbour.
 * @returns 0, -EINVAL, -EAFNOSUPPORT, -ENODEV or -ENOENT
 * @kernel net/core/neighbour.c:2870 (v5.10)
 */
function neigh_get(
	net: net,
	nlh: nlmsg,
	extack: netlink_ext_ack | null,
	reply: nlmsg[],
): number {
	const ndm = nlh as ndmsg_msg;
	if (ndm.ndm_state !== 0 || ndm.ndm_type !== 0) {
		NL_SET_ERR_MSG(extack, 'Invalid values in header for neighbor get request');
		return -EINVAL;
	}
	if ((ndm.ndm_flags & ~NTF_PROXY) !== 0) {
		NL_SET_ERR_MSG(extack, 'Invalid flags in header for neighbor get request');
		return -EINVAL;
	}
	const tbl = neigh_find_table(net.machine, ndm.ndm_family);
	if (tbl === null) {
		NL_SET_ERR_MSG(extack, 'Unsupported family in header for neighbor get request');
		return -EAFNOSUPPORT;
	}
	let dst: neigh_key | null = null;
	for (const i of nlh.tb.keys()) {
		if (i !== NDA_DST) {
			NL_SET_ERR_MSG(extack, 'Unsupported attribute in neighbor get request');
			return -EINVAL;
		}
		dst = neigh_nla_key(nlh.tb, tbl);
		if (dst === null) {
			NL_SET_ERR_MSG(extack, 'Invalid network address in neighbor get request');
			return -EINVAL;
		}
	}
	let dev: net_device | null = null;
	if (ndm.ndm_ifindex !== 0) {
		dev = __dev_get_by_index(net, ndm.ndm_ifindex);
		if (dev === null) {
			NL_SET_ERR_MSG(extack, 'Unknown device ifindex');
			return -ENODEV;
		}
	}
	if (dst === null) {
		NL_SET_ERR_MSG(extack, 'Network address not specified');
		return -EINVAL;
	}
	if ((ndm.ndm_flags & NTF_PROXY) !== 0) {
		NL_SET_ERR_MSG(extack, 'Proxy neighbour entry not found');
		return -ENOENT;
	}
	if (dev === null) {
		NL_SET_ERR_MSG(extack, 'No device specified');
		return -EINVAL;
	}
	const neigh = neigh_lookup(tbl, dst, dev);
	if (neigh === null) {
		NL_SET_ERR_MSG(extack, 'Neighbour entry not found');
		return -ENOENT;
	}
	reply.push(neigh_fill_info(neigh, RTM_NEWNEIGH, 0));
	neigh_release(neigh);
	return 0;
}

/**
 * Calls a function for every neighbour of a table.
 * @kernel net/core/neighbour.c:2931 (v5.10)
 */
export function neigh_for_each(tbl: neigh_table, cb: (n: neighbour) => void): void {
	for (const bucket of tbl.nht.hash_buckets)
		for (let n = bucket; n !== null; n = n.next) cb(n);
}

/**
 * Removes every neighbour for which a function answers true.
 * @kernel net/core/neighbour.c:2954 (v5.10)
 */
export function __neigh_for_each_release(
	tbl: neigh_table,
	cb: (n: neighbour) => boolean,
): void {
	const nht = tbl.nht;
	for (let i = 0; i < 1 << nht.hash_shift; i++) {
		let prev: neighbour | null = null;
		let n: neighbour | null = nht.hash_buckets[i] ?? null;
		while (n !== null) {
			const next: neighbour | null = n.next;
			if (cb(n)) {
				neigh_unlink(nht, i, prev, n);
				neigh_mark_dead(n);
				neigh_cleanup_and_release(n);
			} else {
				prev = n;
			}
			n = next;
		}
	}
}

/**
 * Sends a packet to an address on a link.
 * @param index NEIGH_*_TABLE; NEIGH_LINK_TABLE: addr is the link address itself
 * @param addr number (IPv4), 16 bytes (IPv6), or a link address
 * @returns NET_XMIT_*, -EAFNOSUPPORT without the table, or another negative errno
 * @kernel net/core/neighbour.c:2988 (v5.10)
 */
export function neigh_xmit(
	index: number,
	dev: net_device,
	addr: neigh_key,
	skb: sk_buff,
): number {
	let err = -EAFNOSUPPORT;
	if (index < NEIGH_NR_TABLES) {
		const m = dev.machine;
		const tbl = m.neigh_tables[index]!;
		if (tbl === null) return err;
		m.local_bh_disable();
		let neigh: neighbour | number | null;
		if (index === NEIGH_ARP_TABLE) neigh = __ipv4_neigh_lookup_noref(dev, addr as __be32);
		else neigh = __neigh_lookup_noref(tbl, addr, dev);
		neigh ??= __neigh_create(tbl, addr, dev, false);
		if (IS_ERR(neigh)) {
			m.local_bh_enable();
			kfree_skb(skb);
			return neigh;
		}
		err = neigh.output(neigh, skb);
		m.local_bh_enable();
	} else if (index === NEIGH_LINK_TABLE) {
		err = dev_hard_header(skb, dev, skb.protocol, addr as Uint8Array, null, skb.len);
		if (err < 0) {
			kfree_skb(skb);
			return err;
		}
		err = dev_queue_xmit(skb);
	}
	return err;
}

/**
 * Tells netlink listeners about a neighbour.
 * @param type RTM_*NEIGH
 * @param flags NLM_F_*
 * @kernel net/core/neighbour.c:3352 (v5.10)
 */
function __neigh_notify(n: neighbour, type: number, flags: number): void {
	const net = dev_net(n.dev);
	if (!rtnl_has_listeners(net, RTNLGRP_NEIGH)) return;
	rtnl_notify(net, RTNLGRP_NEIGH, neigh_fill_info(n, type, flags));
}

/**
 * Asks user land to resolve a neighbour.
 * @kernel net/core/neighbour.c:3377 (v5.10)
 */
export function neigh_app_ns(n: neighbour): void {
	__neigh_notify(n, RTM_GETNEIGH, NLM_F_REQUEST);
}

/**
 * A device's parameters for a family.
 * @kernel net/core/neighbour.c:3404 (v5.10)
 */
function neigh_get_dev_parms_rcu(dev: net_device, family: number): neigh_parms | null {
	switch (family) {
		case AF_INET:
			return __in_dev_arp_parms_get_rcu(dev);
		case AF_INET6:
			return __in6_dev_nd_parms_get_rcu(dev);
		default:
			return null;
	}
}

/**
 * Hands a changed default to the devices that have no value of their own.
 * @param index NEIGH_VAR_*
 * @kernel net/core/neighbour.c:3416 (v5.10)
 */
function neigh_copy_dflt_parms(net: net, p: neigh_parms, index: number): void {
	const family = neigh_parms_family(p);
	for (const dev of net.dev_base_head) {
		const dst_p = neigh_get_dev_parms_rcu(dev, family);
		if (dst_p !== null && (dst_p.data_state & (1 << index)) === 0)
			dst_p.data[index] = p.data[index]!;
	}
}

/**
 * What follows a write to a parameter.
 * @param dev null for the defaults
 * @param index NEIGH_VAR_*
 * @kernel net/core/neighbour.c:3433 (v5.10)
 */
function neigh_proc_update(dev: net_device | null, p: neigh_parms, index: number): void {
	p.data_state |= 1 << index;
	if (index === NEIGH_VAR_DELAY_PROBE_TIME)
		call_netevent_notifiers(p.tbl.machine, NETEVENT_DELAY_PROBE_TIME_UPDATE, p);
	if (dev === null) neigh_copy_dflt_parms(neigh_parms_net(p), p, index);
}

/**
 * A plain number as a sysctl.
 * @param index NEIGH_VAR_*
 * @param min smallest accepted value
 * @param unit how many of the stored unit make one shown
 * @kernel PORT: net/core/neighbour.c neigh_proc_dointvec and its kin as one maker
 */
function neigh_proc_entry(
	dev: net_device | null,
	p: neigh_parms,
	name: string,
	index: number,
	min: number,
	unit: number,
): ctl_table {
	return proc_dointvec(
		name,
		() => Math.trunc(p.data[index] / unit),
		(v) => {
			p.data[index] = v * unit;
			neigh_proc_update(dev, p, index);
		},
		min,
		Math.floor(0x7fffffff / unit),
	);
}

/**
 * A sysctl that draws a new reachable time when it is written.
 * @kernel net/core/neighbour.c:3515 (v5.10)
 */
function neigh_proc_base_reachable_time(p: neigh_parms, entry: ctl_table): ctl_table {
	return {
		...entry,
		store: (text) => {
			const ret = entry.store(text);
			if (ret === 0)
				p.reachable_time = neigh_rand_reach_time(
					p.tbl.machine,
					NEIGH_VAR(p, NEIGH_VAR_BASE_REACHABLE_TIME),
				);
			return ret;
		},
	};
}

/**
 * A protocol's own handling of retrans_time and base_reachable_time and their _ms forms: gets the plain
 * entry and gives the one to use.
 */
export type neigh_proc_handler = (
	dev: net_device | null,
	p: neigh_parms,
	entry: ctl_table,
) => ctl_table;

/**
 * Shows a device's parameters, or the defaults, under net/ipv4/neigh or net/ipv6/neigh.
 * @param dev null for the defaults
 * @param handler protocol's own handling, or null
 * @returns 0
 * @kernel net/core/neighbour.c:3622 (v5.10)
 */
export function neigh_sysctl_register(
	dev: net_device | null,
	p: neigh_parms,
	handler: neigh_proc_handler | null,
): number {
	const MIN = -0x80000000;
	const entry = (name: string, index: number, min: number, unit: number): ctl_table =>
		neigh_proc_entry(dev, p, name, index, min, unit);
	const special = (e: ctl_table, reach: boolean): ctl_table => {
		if (handler !== null) return handler(dev, p, e);
		return reach ? neigh_proc_base_reachable_time(p, e) : e;
	};
	const userhz = HZ / USER_HZ;
	const t: ctl_table[] = [
		entry('mcast_solicit', NEIGH_VAR_MCAST_PROBES, 0, 1),
		entry('ucast_solicit', NEIGH_VAR_UCAST_PROBES, 0, 1),
		entry('app_solicit', NEIGH_VAR_APP_PROBES, 0, 1),
		entry('mcast_resolicit', NEIGH_VAR_MCAST_REPROBES, 0, 1),
		/* A protocol's handler sees retrans_time as a plain number. */
		special(
			entry('retrans_time', NEIGH_VAR_RETRANS_TIME, MIN, handler !== null ? 1 : userhz),
			false,
		),
		special(entry('base_reachable_time', NEIGH_VAR_BASE_REACHABLE_TIME, MIN, HZ), true),
		entry('delay_first_probe_time', NEIGH_VAR_DELAY_PROBE_TIME, MIN, HZ),
		entry('gc_stale_time', NEIGH_VAR_GC_STALETIME, MIN, HZ),
		entry('unres_qlen_bytes', NEIGH_VAR_QUEUE_LEN_BYTES, 0, 1),
		entry('proxy_qlen', NEIGH_VAR_PROXY_QLEN, 0, 1),
		entry('anycast_delay', NEIGH_VAR_ANYCAST_DELAY, MIN, userhz),
		entry('proxy_delay', NEIGH_VAR_PROXY_DELAY, MIN, userhz),
		entry('locktime', NEIGH_VAR_LOCKTIME, MIN, userhz),
		entry('unres_qlen', NEIGH_VAR_QUEUE_LEN_BYTES, 0, SKB_TRUESIZE(ETH_FRAME_LEN)),
		special(entry('retrans_time_ms', NEIGH_VAR_RETRANS_TIME, MIN, HZ / 1000), false),
		special(
			entry('base_reachable_time_ms', NEIGH_VAR_BASE_REACHABLE_TIME, MIN, HZ / 1000),
			true,
		),
	];
	if (dev === null) {
		const tbl = p.tbl;
		t.push(
			proc_dointvec_jiffies(
				'gc_interval',
				() => tbl.gc_interval,
				(v) => (tbl.gc_interval = v),
				HZ,
			),
			proc_dointvec('gc_thresh1', () => tbl.gc_thresh1, (v) => (tbl.gc_thresh1 = v), 0),
			proc_dointvec('gc_thresh2', () => tbl.gc_thresh2, (v) => (tbl.gc_thresh2 = v), 0),
			proc_dointvec('gc_thresh3', () => tbl.gc_thresh3, (v) => (tbl.gc_thresh3 = v), 0),
		);
	}
	const p_name = neigh_parms_family(p) === AF_INET ? 'ipv4' : 'ipv6';
	p.sysctl_table = register_net_sysctl(
		neigh_parms_net(p),
		`net/${p_name}/neigh/${dev !== null ? dev.name : 'default'}`,
		t,
	);
	return 0;
}

/**
 * Hides parameters again.
 * @kernel net/core/neighbour.c:3711 (v5.10)
 */
export function neigh_sysctl_unregister(p: neigh_parms): void {
	const t = p.sysctl_table;
	if (t === null) return;
	p.sysctl_table = null;
	unregister_net_sysctl_table(t);
}

/**
 * Registers the netlink handlers.
 * @returns 0
 * @kernel net/core/neighbour.c:3724 (v5.10)
 */
export function neigh_init(m: Machine): number {
	rtnl_register(m, PF_UNSPEC, RTM_NEWNEIGH, neigh_add, null);
	rtnl_register(m, PF_UNSPEC, RTM_DELNEIGH, neigh_delete, null);
	rtnl_register(m, PF_UNSPEC, RTM_GETNEIGH, neigh_get, neigh_dump_info);
	return 0;
}

