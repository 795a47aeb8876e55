// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/bridge/br_fdb.c, base v5.10: the forwarding database: which station is behind which port.
 *
 * br_fdb_find_rcu() stands in br_private.ts.
 * Not ported: entries of switchdev drivers, activity notification, the ioctl dump.
 */
import { ether_addr_equal, is_valid_ether_addr } from '../../include/linux/etherdevice.ts';
import { msecs_to_jiffies } from '../../include/linux/machine.ts';
import { IFF_EBRIDGE, type net_device, netif_is_bridge_master } from '../../include/linux/netdevice.ts';
import { rhashtable_insert_fast, rhashtable_remove_fast } from '../../include/linux/rhashtable.ts';
import { mod_delayed_work } from '../../include/linux/workqueue.ts';
import type { netlink_ext_ack, nlattrs, nlmsg } from '../../include/net/netlink.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../include/net/netlink.ts';
import { AF_BRIDGE } from '../../include/linux/socket.ts';
import type { u16 } from '../../include/linux/types.ts';
import { EBUSY, EEXIST, EINVAL, ENOENT } from '../../include/uapi/linux/errno.ts';
import { BR_STATE_DISABLED, BR_STATE_FORWARDING, BR_STATE_LEARNING } from '../../include/uapi/linux/if_bridge.ts';
import {
	NDA_CACHEINFO,
	NDA_CACHEINFO_confirmed,
	NDA_CACHEINFO_refcnt,
	NDA_CACHEINFO_updated,
	NDA_CACHEINFO_used,
	NDA_LLADDR,
	NDA_MASTER,
	NDA_VLAN,
	NTF_EXT_LEARNED,
	NTF_OFFLOADED,
	NTF_STICKY,
	NTF_USE,
	NUD_NOARP,
	NUD_PERMANENT,
	NUD_REACHABLE,
	NUD_STALE,
} from '../../include/uapi/linux/neighbour.ts';
import { ndmsg_msg, RTM_DELNEIGH, RTM_NEWNEIGH, RTNLGRP_NEIGH } from '../../include/uapi/linux/rtnetlink.ts';
import { dev_uc_add, dev_uc_del } from '../core/dev_addr_lists.ts';
import { ndo_dflt_fdb_dump, rtnl_notify } from '../core/rtnetlink.ts';
import {
	BR_FDB_ADDED_BY_EXT_LEARN,
	BR_FDB_ADDED_BY_USER,
	BR_FDB_LOCAL,
	BR_FDB_OFFLOADED,
	BR_FDB_STATIC,
	BR_FDB_STICKY,
	br_fdb_find_rcu,
	fdb_find_rcu,
	br_port_get_rtnl,
	br_priv,
	br_promisc_port,
	br_vlan_find,
	br_vlan_should_use,
	type net_bridge,
	net_bridge_fdb_entry,
	type net_bridge_port,
	type net_bridge_vlan_group,
} from './br_private.ts';
import { br_topology_fdb, br_topology_seen } from './br_topology.ts';

/** Hundredths of a second in a jiffies span. */
const CLOCK_T = 10;

/**
 * Jiffies after which a silent station is forgotten.
 * @kernel net/bridge/br_fdb.c:70 (v5.10)
 */
function hold_time(br: net_bridge): number {
	return br.topology_change !== 0 ? br.forward_delay : br.ageing_time;
}

/**
 * Tells whether an entry is too old.
 * @kernel net/bridge/br_fdb.c:75 (v5.10)
 */
function has_expired(br: net_bridge, fdb: net_bridge_fdb_entry): boolean {
	return (
		(fdb.flags & (BR_FDB_STATIC | BR_FDB_ADDED_BY_EXT_LEARN)) === 0 &&
		fdb.updated + hold_time(br) <= br.machine.jiffies
	);
}

/**
 * Device behind which a station is, or null.
 * @kernel net/bridge/br_fdb.c:120 (v5.10)
 */
export function br_fdb_find_port(
	br_dev: net_device,
	addr: Uint8Array,
	vid: u16,
): net_device | null {
	if (!netif_is_bridge_master(br_dev)) return null;
	return br_fdb_find_rcu(br_priv(br_dev), addr, 0, vid)?.dst?.dev ?? null;
}

/**
 * Makes ports that are not promiscuous listen to a static address.
 * @kernel net/bridge/br_fdb.c:156 (v5.10)
 */
function fdb_add_hw_addr(br: net_bridge, addr: Uint8Array): void {
	for (const p of br.port_list) if (!br_promisc_port(p)) dev_uc_add(p.dev, addr);
}

/**
 * Ends fdb_add_hw_addr().
 * @kernel net/bridge/br_fdb.c:184 (v5.10)
 */
function fdb_del_hw_addr(br: net_bridge, addr: Uint8Array): void {
	for (const p of br.port_list) if (!br_promisc_port(p)) dev_uc_del(p.dev, addr);
}

/**
 * Removes an entry.
 * @kernel net/bridge/br_fdb.c:196 (v5.10)
 */
function fdb_delete(br: net_bridge, f: net_bridge_fdb_entry): void {
	if ((f.flags & BR_FDB_STATIC) !== 0) fdb_del_hw_addr(br, f.addr);
	if (f.fdb_prev !== null) f.fdb_prev.fdb_next = f.fdb_next;
	else br.fdb_list = f.fdb_next;
	if (f.fdb_next !== null) f.fdb_next.fdb_prev = f.fdb_prev;
	rhashtable_remove_fast(br.fdb_hash_tbl, f);
	fdb_notify(br, f, RTM_DELNEIGH);
}

/**
 * Removes a local entry, or gives it to another port with the same address.
 * @kernel net/bridge/br_fdb.c:212 (v5.10)
 */
function fdb_delete_local(
	br: net_bridge,
	p: net_bridge_port | null,
	f: net_bridge_fdb_entry,
): void {
	const vid = f.vlan_id;
	for (const op of br.port_list)
		if (
			op !== p &&
			ether_addr_equal(op.dev.dev_addr, 0, f.addr, 0) &&
			(vid === 0 || br_vlan_find(op.vlgrp, vid) !== null)
		) {
			f.dst = op;
			f.flags &= ~BR_FDB_ADDED_BY_USER;
			return;
		}
	const v = br_vlan_find(br.vlgrp, vid);
	if (
		p !== null &&
		ether_addr_equal(br.dev.dev_addr, 0, f.addr, 0) &&
		(vid === 0 || (v !== null && br_vlan_should_use(v)))
	) {
		f.dst = null;
		f.flags &= ~BR_FDB_ADDED_BY_USER;
		return;
	}
	fdb_delete(br, f);
}

/**
 * Removes a port's own address in one VLAN.
 * @kernel net/bridge/br_fdb.c:246 (v5.10)
 */
export function br_fdb_find_delete_local(
	br: net_bridge,
	p: net_bridge_port | null,
	addr: Uint8Array,
	vid: u16,
): void {
	const f = br_fdb_find_rcu(br, addr, 0, vid);
	if (
		f !== null &&
		(f.flags & BR_FDB_LOCAL) !== 0 &&
		(f.flags & BR_FDB_ADDED_BY_USER) === 0 &&
		f.dst === p
	)
		fdb_delete_local(br, p, f);
}

/**
 * Visits the entries, newest first; the visitor may remove the one it is given.
 * @kernel PORT: hlist_for_each_entry_safe over br->fdb_list
 */
function for_each_fdb(br: net_bridge, fn: (f: net_bridge_fdb_entry) => void): void {
	for (let f = br.fdb_list; f !== null; ) {
		const next: net_bridge_fdb_entry | null = f.fdb_next;
		fn(f);
		f = next;
	}
}

/**
 * Follows a port's new address.
 * @kernel net/bridge/br_fdb.c:260 (v5.10)
 */
export function br_fdb_changeaddr(p: net_bridge_port, newaddr: Uint8Array): void {
	const { br } = p;
	const vg = p.vlgrp;
	const has_vlans = vg !== null && vg.num_vlans !== 0;
	let done = false;
	for_each_fdb(br, (f) => {
		if (
			done ||
			f.dst !== p ||
			(f.flags & BR_FDB_LOCAL) === 0 ||
			(f.flags & BR_FDB_ADDED_BY_USER) !== 0
		)
			return;
		fdb_delete_local(br, p, f);
		if (!has_vlans) done = true;
	});
	fdb_insert(br, p, newaddr, 0);
	if (has_vlans) for (const v of vg.vlan_list) fdb_insert(br, p, newaddr, v.vid);
}

/**
 * Follows the bridge's new address.
 * @kernel net/bridge/br_fdb.c:302 (v5.10)
 */
export function br_fdb_change_mac_address(br: net_bridge, newaddr: Uint8Array): void {
	const drop = (vid: u16): void => {
		const f = br_fdb_find_rcu(br, br.dev.dev_addr, 0, vid);
		if (
			f !== null &&
			(f.flags & BR_FDB_LOCAL) !== 0 &&
			f.dst === null &&
			(f.flags & BR_FDB_ADDED_BY_USER) === 0
		)
			fdb_delete_local(br, null, f);
	};
	drop(0);
	fdb_insert(br, null, newaddr, 0);
	const vg: net_bridge_vlan_group | null = br.vlgrp;
	if (vg === null || vg.num_vlans === 0) return;
	for (const v of vg.vlan_list) {
		if (!br_vlan_should_use(v)) continue;
		drop(v.vid);
		fdb_insert(br, null, newaddr, v.vid);
	}
}

/**
 * Forgets silent stations; runs again when the next one is due.
 * @kernel net/bridge/br_fdb.c:337 (v5.10)
 */
export function br_fdb_cleanup(br: net_bridge): void {
	const delay = hold_time(br);
	let work_delay = delay;
	const now = br.machine.jiffies;
	for_each_fdb(br, (f) => {
		if ((f.flags & (BR_FDB_STATIC | BR_FDB_ADDED_BY_EXT_LEARN)) !== 0) return;
		/* PORT: a station that only the fast path saw was not silent, see br_topology.ts. */
		if (f.updated + delay <= now) f.updated = br_topology_seen(br, f);
		const this_timer = f.updated + delay;
		if (this_timer > now) work_delay = Math.min(work_delay, this_timer - now);
		else fdb_delete(br, f);
	});
	mod_delayed_work(br.gc_work!, Math.max(work_delay, msecs_to_jiffies(10)));
}

/**
 * Forgets all entries that are not static.
 * @kernel net/bridge/br_fdb.c:384 (v5.10)
 */
export function br_fdb_flush(br: net_bridge): void {
	for_each_fdb(br, (f) => {
		if ((f.flags & BR_FDB_STATIC) === 0) fdb_delete(br, f);
	});
}

/**
 * Forgets the entries of a port.
 * @param vid only those of one VLAN, 0 for all
 * @param do_all static ones too
 * @kernel net/bridge/br_fdb.c:401 (v5.10)
 */
export function br_fdb_delete_by_port(
	br: net_bridge,
	p: net_bridge_port | null,
	vid: u16,
	do_all: boolean,
): void {
	for_each_fdb(br, (f) => {
		if (f.dst !== p) return;
		if (
			!do_all &&
			((f.flags & BR_FDB_STATIC) !== 0 ||
				((f.flags & BR_FDB_ADDED_BY_EXT_LEARN) !== 0 && (f.flags & BR_FDB_OFFLOADED) === 0) ||
				(vid !== 0 && f.vlan_id !== vid))
		)
			return;
		if ((f.flags & BR_FDB_LOCAL) !== 0) fdb_delete_local(br, p, f);
		else fdb_delete(br, f);
	});
}

/**
 * Makes an entry.
 * @param addr buffer with the MAC at off
 * @kernel net/bridge/br_fdb.c:501 (v5.10)
 */
function fdb_create(
	br: net_bridge,
	source: net_bridge_port | null,
	addr: Uint8Array,
	off: number,
	vid: u16,
	flags: number,
): net_bridge_fdb_entry {
	const fdb = new net_bridge_fdb_entry(source, addr, off, vid, flags, br.machine.jiffies);
	rhashtable_insert_fast(br.fdb_hash_tbl, fdb);
	fdb.fdb_next = br.fdb_list;
	if (br.fdb_list !== null) br.fdb_list.fdb_prev = fdb;
	br.fdb_list = fdb;
	return fdb;
}

/**
 * Adds an address of the bridge or of a port itself.
 * @returns 0 or -EINVAL
 * @kernel net/bridge/br_fdb.c:528 (v5.10)
 */
function fdb_insert(
	br: net_bridge,
	source: net_bridge_port | null,
	addr: Uint8Array,
	vid: u16,
): number {
	if (!is_valid_ether_addr(addr)) return -EINVAL;
	const old = br_fdb_find_rcu(br, addr, 0, vid);
	if (old !== null) {
		if ((old.flags & BR_FDB_LOCAL) !== 0) return 0;
		br.machine.printk(
			`${br.dev.name}: adding interface ${source?.dev.name ?? br.dev.name} with same address as a received packet (addr:${mac(addr)}, vlan:${String(vid)})`,
		);
		fdb_delete(br, old);
	}
	const fdb = fdb_create(br, source, addr, 0, vid, BR_FDB_LOCAL | BR_FDB_STATIC);
	fdb_add_hw_addr(br, addr);
	fdb_notify(br, fdb, RTM_NEWNEIGH);
	return 0;
}

/**
 * Text of a MAC.
 * @kernel PORT: %pM of lib/vsprintf.c
 */
function mac(addr: Uint8Array): string {
	return Array.from(addr, (b) => b.toString(16).padStart(2, '0')).join(':');
}

/**
 * A MAC where it lies.
 * @kernel PORT: a pointer into a packet
 */
function mac_at(view: DataView, off: number): Uint8Array {
	return new Uint8Array(view.buffer, view.byteOffset + off, 6);
}

/**
 * Adds an address of the bridge or of a port itself.
 * @returns 0 or -EINVAL
 * @kernel net/bridge/br_fdb.c:559 (v5.10)
 */
export function br_fdb_insert(
	br: net_bridge,
	source: net_bridge_port | null,
	addr: Uint8Array,
	vid: u16,
): number {
	return fdb_insert(br, source, addr, vid);
}

/**
 * Learns from a frame: its source is behind this port.
 * @param view of a buffer with the source MAC at off
 * @param flags BR_FDB_ADDED_BY_USER or 0
 * @kernel net/bridge/br_fdb.c:577 (v5.10)
 */
export function br_fdb_update(
	br: net_bridge,
	source: net_bridge_port,
	view: DataView,
	off: number,
	vid: u16,
	flags: number,
): void {
	if (hold_time(br) === 0) return;
	const fdb = fdb_find_rcu(br, view, off, vid);
	if (fdb === null) {
		fdb_notify(br, fdb_create(br, source, mac_at(view, off), 0, vid, flags), RTM_NEWNEIGH);
		return;
	}
	if ((fdb.flags & BR_FDB_LOCAL) !== 0 /* unlikely */) {
		br.machine.printk(
			`${br.dev.name}: received packet on ${source.dev.name} with own address as source address (addr:${mac(mac_at(view, off))}, vlan:${String(vid)})`,
		);
		return;
	}
	fdb.updated = br.machine.jiffies;
	let fdb_modified = false;
	if (source !== fdb.dst && (fdb.flags & BR_FDB_STICKY) === 0 /* unlikely */) {
		fdb.dst = source;
		fdb_modified = true;
		fdb.flags &= ~BR_FDB_ADDED_BY_EXT_LEARN;
	}
	if ((flags & BR_FDB_ADDED_BY_USER) !== 0) fdb.flags |= BR_FDB_ADDED_BY_USER;
	if (fdb_modified) fdb_notify(br, fdb, RTM_NEWNEIGH);
}

/**
 * State of an entry as neighbour state.
 * @kernel net/bridge/br_fdb.c:635 (v5.10)
 */
function fdb_to_nud(br: net_bridge, fdb: net_bridge_fdb_entry): number {
	if ((fdb.flags & BR_FDB_LOCAL) !== 0) return NUD_PERMANENT;
	if ((fdb.flags & BR_FDB_STATIC) !== 0) return NUD_NOARP;
	if (has_expired(br, fdb)) return NUD_STALE;
	return NUD_REACHABLE;
}

/**
 * Message that describes an entry.
 * @kernel net/bridge/br_fdb.c:648 (v5.10)
 */
function fdb_fill_info(br: net_bridge, fdb: net_bridge_fdb_entry, type: number): ndmsg_msg {
	const msg = new ndmsg_msg(type, 0);
	const now = br.machine.jiffies;
	msg.ndm_family = AF_BRIDGE;
	msg.ndm_ifindex = (fdb.dst?.dev ?? br.dev).ifindex;
	msg.ndm_state = fdb_to_nud(br, fdb);
	if ((fdb.flags & BR_FDB_OFFLOADED) !== 0) msg.ndm_flags |= NTF_OFFLOADED;
	if ((fdb.flags & BR_FDB_ADDED_BY_EXT_LEARN) !== 0) msg.ndm_flags |= NTF_EXT_LEARNED;
	if ((fdb.flags & BR_FDB_STICKY) !== 0) msg.ndm_flags |= NTF_STICKY;
	msg.tb.set(NDA_LLADDR, fdb.addr.slice());
	msg.tb.set(NDA_MASTER, br.dev.ifindex);
	msg.tb.set(
		NDA_CACHEINFO,
		new Map([
			[NDA_CACHEINFO_used, Math.floor((now - fdb.used) / CLOCK_T)],
			[NDA_CACHEINFO_confirmed, 0],
			[NDA_CACHEINFO_updated, Math.floor((now - fdb.updated) / CLOCK_T)],
			[NDA_CACHEINFO_refcnt, 0],
		]),
	);
	if (fdb.vlan_id !== 0) msg.tb.set(NDA_VLAN, fdb.vlan_id);
	return msg;
}

/**
 * Tells listeners of an entry that came, moved or went.
 * @kernel net/bridge/br_fdb.c:728 (v5.10)
 */
function fdb_notify(br: net_bridge, fdb: net_bridge_fdb_entry, type: number): void {
	/* PORT: whoever caches ways through the bridge. */
	br_topology_fdb(br, fdb, type === RTM_DELNEIGH, has_expired(br, fdb));
	rtnl_notify(br.dev.nd_net, RTNLGRP_NEIGH, fdb_fill_info(br, fdb, type));
}

/**
 * Dumps the entries of a bridge.
 * @param filter_dev only those of one port
 * @returns 0
 * @kernel net/bridge/br_fdb.c:757 (v5.10)
 */
export function br_fdb_dump(
	dev: net_device,
	filter_dev: net_device | null,
	emit: (msg: nlmsg) => void,
): number {
	if ((dev.priv_flags & IFF_EBRIDGE) === 0) return 0;
	const br = br_priv(dev);
	if (filter_dev === null) {
		const own: nlmsg[] = [];
		ndo_dflt_fdb_dump(dev, own);
		for (const msg of own) emit(msg);
	}
	for_each_fdb(br, (f) => {
		if (filter_dev !== null && f.dst?.dev !== filter_dev) {
			if (filter_dev !== dev) return;
			/* The bridge asked for itself: only what belongs to no port. */
			if (f.dst !== null) return;
		}
		if (filter_dev === null && f.dst !== null) return;
		emit(fdb_fill_info(br, f, RTM_NEWNEIGH));
	});
	return 0;
}

/**
 * Answers with one entry.
 * @param reply takes the message
 * @returns 0 or -ENOENT
 * @kernel net/bridge/br_fdb.c:809 (v5.10)
 */
export function br_fdb_get(
	_tb: nlattrs,
	dev: net_device,
	addr: Uint8Array,
	vid: u16,
	reply: nlmsg[],
	extack: netlink_ext_ack | null,
): number {
	const br = br_priv(dev);
	const f = br_fdb_find_rcu(br, addr, 0, vid);
	if (f === null) {
		if (extack !== null) extack._msg = 'Fdb entry not found';
		return -ENOENT;
	}
	reply.push(fdb_fill_info(br, f, RTM_NEWNEIGH));
	return 0;
}

/**
 * Adds or changes an entry that the user asked for.
 * @param state NUD_*
 * @returns 0, -EINVAL, -EBUSY, -ENOENT, -EEXIST
 * @kernel net/bridge/br_fdb.c:860 (v5.10)
 */
function fdb_add_entry(
	br: net_bridge,
	source: net_bridge_port | null,
	addr: Uint8Array,
	ndm_flags: number,
	flags: number,
	vid: u16,
	state: number,
): number {
	const is_sticky = (ndm_flags & NTF_STICKY) !== 0;
	if (source !== null) {
		const port = br_port_get_rtnl(source.dev);
		if (port === null) return -EINVAL;
		if (source.state !== BR_STATE_LEARNING && source.state !== BR_STATE_FORWARDING) {
			if (source.state === BR_STATE_DISABLED || (state & (NUD_PERMANENT | NUD_NOARP)) === 0)
				return -EBUSY;
		}
	} else if ((state & NUD_PERMANENT) === 0) {
		return -EINVAL;
	}
	if (is_sticky && (state & NUD_PERMANENT) !== 0) return -EINVAL;
	let modified = false;
	let fdb = br_fdb_find_rcu(br, addr, 0, vid);
	if (fdb === null) {
		if ((flags & NLM_F_CREATE) === 0) return -ENOENT;
		fdb = fdb_create(br, source, addr, 0, vid, 0);
		modified = true;
	} else {
		if ((flags & NLM_F_EXCL) !== 0) return -EEXIST;
		if (fdb.dst !== source) {
			fdb.dst = source;
			modified = true;
		}
	}
	if (fdb_to_nud(br, fdb) !== state) {
		const was_static = (fdb.flags & BR_FDB_STATIC) !== 0;
		if ((state & NUD_PERMANENT) !== 0) {
			fdb.flags |= BR_FDB_LOCAL | BR_FDB_STATIC;
			if (!was_static) fdb_add_hw_addr(br, addr);
		} else if ((state & NUD_NOARP) !== 0) {
			fdb.flags &= ~BR_FDB_LOCAL;
			fdb.flags |= BR_FDB_STATIC;
			if (!was_static) fdb_add_hw_addr(br, addr);
		} else {
			fdb.flags &= ~(BR_FDB_LOCAL | BR_FDB_STATIC);
			if (was_static) fdb_del_hw_addr(br, addr);
		}
		modified = true;
	}
	if (is_sticky !== ((fdb.flags & BR_FDB_STICKY) !== 0)) {
		fdb.flags ^= BR_FDB_STICKY;
		modified = true;
	}
	fdb.flags |= BR_FDB_ADDED_BY_USER;
	fdb.used = br.machine.jiffies;
	if (modified) {
		fdb.updated = br.machine.jiffies;
		fdb_notify(br, fdb, RTM_NEWNEIGH);
	}
	return 0;
}

/**
 * Adds one entry for the user.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_fdb.c:951 (v5.10)
 */
function __br_fdb_add(
	ndm_flags: number,
	ndm_state: number,
	br: net_bridge,
	p: net_bridge_port | null,
	addr: Uint8Array,
	nlh_flags: number,
	vid: u16,
): number {
	if ((ndm_flags & NTF_USE) !== 0) {
		if (p === null) return -EINVAL;
		if (p.state !== BR_STATE_LEARNING && p.state !== BR_STATE_FORWARDING) return 0;
		const view = new DataView(addr.buffer, addr.byteOffset);
		br_fdb_update(br, p, view, 0, vid, BR_FDB_ADDED_BY_USER);
		return 0;
	}
	if ((ndm_flags & NTF_EXT_LEARNED) !== 0) return br_fdb_external_learn_add(br, p, addr, vid);
	return fdb_add_entry(br, p, addr, ndm_flags, nlh_flags, vid, ndm_state);
}

/**
 * Adds an entry for the user, in one VLAN or in all.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_fdb.c:988 (v5.10)
 */
export function br_fdb_add(
	ndm_flags: number,
	ndm_state: number,
	_tb: nlattrs,
	dev: net_device,
	addr: Uint8Array,
	vid: u16,
	nlh_flags: number,
	_extack: netlink_ext_ack | null,
): number {
	if ((ndm_state & (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE)) === 0) return -EINVAL;
	let p: net_bridge_port | null = null;
	let br: net_bridge;
	let vg: net_bridge_vlan_group | null;
	if ((dev.priv_flags & IFF_EBRIDGE) !== 0) {
		br = br_priv(dev);
		vg = br.vlgrp;
	} else {
		p = br_port_get_rtnl(dev);
		if (p === null) return -EINVAL;
		br = p.br;
		vg = p.vlgrp;
	}
	if (vid !== 0) {
		const v = br_vlan_find(vg, vid);
		if (v === null || !br_vlan_should_use(v)) return -EINVAL;
		return __br_fdb_add(ndm_flags, ndm_state, br, p, addr, nlh_flags, vid);
	}
	let err = __br_fdb_add(ndm_flags, ndm_state, br, p, addr, nlh_flags, 0);
	if (err !== 0 || vg === null || vg.num_vlans === 0) return err;
	for (const v of vg.vlan_list) {
		if (!br_vlan_should_use(v)) continue;
		err = __br_fdb_add(ndm_flags, ndm_state, br, p, addr, nlh_flags, v.vid);
		if (err !== 0) return err;
	}
	return err;
}

/**
 * Removes an entry of a port.
 * @returns 0 or -ENOENT
 * @kernel net/bridge/br_fdb.c:1068 (v5.10)
 */
function fdb_delete_by_addr_and_port(
	br: net_bridge,
	p: net_bridge_port | null,
	addr: Uint8Array,
	vlan: u16,
): number {
	const fdb = br_fdb_find_rcu(br, addr, 0, vlan);
	if (fdb === null || fdb.dst !== p) return -ENOENT;
	fdb_delete(br, fdb);
	return 0;
}

/**
 * Removes an entry for the user, in one VLAN or in all.
 * @returns 0, -EINVAL, -ENOENT
 * @kernel net/bridge/br_fdb.c:1097 (v5.10)
 */
export function br_fdb_delete(
	_tb: nlattrs,
	dev: net_device,
	addr: Uint8Array,
	vid: u16,
): number {
	let p: net_bridge_port | null = null;
	let br: net_bridge;
	let vg: net_bridge_vlan_group | null;
	if ((dev.priv_flags & IFF_EBRIDGE) !== 0) {
		br = br_priv(dev);
		vg = br.vlgrp;
	} else {
		p = br_port_get_rtnl(dev);
		if (p === null) return -EINVAL;
		br = p.br;
		vg = p.vlgrp;
	}
	if (vid !== 0) {
		if (br_vlan_find(vg, vid) === null) return -EINVAL;
		return fdb_delete_by_addr_and_port(br, p, addr, vid);
	}
	let err = fdb_delete_by_addr_and_port(br, p, addr, 0) === 0 ? 0 : -ENOENT;
	if (vg === null || vg.num_vlans === 0) return err;
	for (const v of vg.vlan_list) {
		if (!br_vlan_should_use(v)) continue;
		if (fdb_delete_by_addr_and_port(br, p, addr, v.vid) === 0) err = 0;
	}
	return err;
}

/**
 * Makes a port that stops being promiscuous listen to all static addresses.
 * @returns 0
 * @kernel net/bridge/br_fdb.c:1145 (v5.10)
 */
export function br_fdb_sync_static(br: net_bridge, p: net_bridge_port): number {
	for_each_fdb(br, (f) => {
		if ((f.flags & BR_FDB_STATIC) !== 0) dev_uc_add(p.dev, f.addr);
	});
	return 0;
}

/**
 * Ends br_fdb_sync_static().
 * @kernel net/bridge/br_fdb.c:1180 (v5.10)
 */
export function br_fdb_unsync_static(br: net_bridge, p: net_bridge_port): void {
	for_each_fdb(br, (f) => {
		if ((f.flags & BR_FDB_STATIC) !== 0) dev_uc_del(p.dev, f.addr);
	});
}

/**
 * Adds an entry that somebody outside learnt.
 * @returns 0
 * @kernel net/bridge/br_fdb.c:1197 (v5.10)
 */
export function br_fdb_external_learn_add(
	br: net_bridge,
	p: net_bridge_port | null,
	addr: Uint8Array,
	vid: u16,
): number {
	let fdb = br_fdb_find_rcu(br, addr, 0, vid);
	if (fdb === null) {
		fdb = fdb_create(br, p, addr, 0, vid, BR_FDB_ADDED_BY_EXT_LEARN | BR_FDB_ADDED_BY_USER);
		fdb_notify(br, fdb, RTM_NEWNEIGH);
		return 0;
	}
	fdb.updated = br.machine.jiffies;
	let modified = false;
	if (fdb.dst !== p) {
		fdb.dst = p;
		modified = true;
	}
	if ((fdb.flags & BR_FDB_ADDED_BY_EXT_LEARN) !== 0) {
		fdb.used = br.machine.jiffies;
	} else if ((fdb.flags & BR_FDB_ADDED_BY_USER) === 0) {
		fdb.flags |= BR_FDB_ADDED_BY_EXT_LEARN;
		modified = true;
	}
	fdb.flags |= BR_FDB_ADDED_BY_USER;
	if (modified) fdb_notify(br, fdb, RTM_NEWNEIGH);
	return 0;
}
