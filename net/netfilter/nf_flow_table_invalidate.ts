// SPDX-License-Identifier: GPL-2.0-only
/*
 * PORT: ours, no kernel file and no part of v3. Topology-driven invalidation: an answer to the question that the
 * thread of the patches leaves open. Off until a user switches a table on (nf_flow_table_invalidate_set).
 *
 * A flow is entered under everything it depends on: each device of both paths, the stations that bridges led
 * to, the neighbours whose MACs it has copied. An event finds the flows that depend on what changed, and no
 * others, and ends them at once, both directions, the connection's offload mark included: the next packet goes
 * the classic path and makes a fresh flow. Routes are asked for by the packets themselves: a look at the cached
 * destination, and a look-up when that is no longer sure. Stations age by what the fast path saw of them.
 *
 * A flow that is made while an event passes is not in the index yet. So the events are counted: the number is
 * taken before the first look and compared after the flow has been entered. Whoever changes something changes it
 * first and tells then, so the event either finds the flow or is counted before the comparison.
 *
 * Routes are compared by destination alone. Where a user's rules or transforms may have a say, any change of routes
 * ends the flow; a route for one type of service only is not noticed when it comes later.
 */
import { HZ, machine_var, type Machine } from '../../include/linux/machine.ts';
import { AF_INET, AF_INET6 } from '../../include/linux/socket.ts';
import { ether_addr_equal } from '../../include/linux/etherdevice.ts';
import {
	DEV_PATH_BRIDGE,
	DEV_PATH_VLAN,
	is_vlan_dev,
	type net_device,
	type net_device_path_stack,
	NETDEV_CHANGE,
	NETDEV_CHANGEADDR,
	NETDEV_CHANGEMTU,
	NETDEV_CHANGEUPPER,
	NETDEV_DOWN,
	NETDEV_GOING_DOWN,
	netdev_notifier_changeupper_info,
	type netdev_notifier_info,
	NETDEV_UNREGISTER,
	netif_carrier_ok,
	netif_is_bridge_master,
	netif_running,
} from '../../include/linux/netdevice.ts';
import { NOTIFY_DONE, type notifier_block } from '../../include/linux/notifier.ts';
import {
	rhashtable,
	rhashtable_insert_fast,
	rhashtable_lookup,
	type rhashtable_params,
	rhashtable_remove_fast,
	rhashtable_walk,
	rhashtable_words,
} from '../../include/linux/rhashtable.ts';
import {
	BR_TOPOLOGY_ISOLATED,
	BR_TOPOLOGY_LEFT,
	BR_TOPOLOGY_STATE,
	br_topology,
	type br_topology_change,
	type br_topology_listener,
} from '../../include/net/br_topology.ts';
import {
	dst_check,
	type dst_entry,
	dst_neigh_lookup,
	DST_OBSOLETE_DEAD,
	dst_release,
	dst_xfrm,
} from '../../include/net/dst.ts';
import { flowi4, flowi6 } from '../../include/net/flow.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { ip_dst_mtu_maybe_forward } from '../../include/net/ip.ts';
import { fib6_has_custom_rules, rt6_get_cookie, type rt6_info, RTF_GATEWAY } from '../../include/net/ip6_fib.ts';
import { ip6_dst_mtu_forward } from '../../include/net/ip6_route.ts';
import { fib4_has_custom_rules } from '../../include/net/ip_fib.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { type neighbour, NUD_VALID } from '../../include/net/neighbour.ts';
import { NETEVENT_NEIGH_UPDATE, type netevent_ptr } from '../../include/net/netevent.ts';
import type { nf_conn } from '../../include/net/netfilter/nf_conntrack.ts';
import {
	FLOW_OFFLOAD_XMIT_DIRECT,
	type flow_offload,
	type flow_offload_tuple_dir,
	NF_FLOW_TEARDOWN,
	type nf_flow_route,
	type nf_flowtable,
} from '../../include/net/netfilter/nf_flow_table.ts';
import {
	nf_flow_dep,
	nf_flow_dep_head,
	nf_flow_deps,
	NF_FLOW_INVAL_ADDRESS,
	NF_FLOW_INVAL_CARRIER,
	nf_flow_inval_damping,
	NF_FLOW_INVAL_DOWN,
	NF_FLOW_INVAL_FDB_ADD,
	NF_FLOW_INVAL_FDB_DELETE,
	NF_FLOW_INVAL_FDB_MOVE,
	NF_FLOW_INVAL_GONE,
	NF_FLOW_INVAL_ISOLATED,
	NF_FLOW_INVAL_MASTER,
	NF_FLOW_INVAL_MTU,
	NF_FLOW_INVAL_NEIGH,
	type nf_flow_inval_path,
	NF_FLOW_INVAL_PORT_LEFT,
	NF_FLOW_INVAL_PORT_STATE,
	NF_FLOW_INVAL_RACE,
	nf_flow_inval_route,
	NF_FLOW_INVAL_ROUTE,
	nf_flow_inval_setup,
	NF_FLOW_INVAL_SWITCH,
	NF_FLOW_INVAL_VLAN,
	nf_flow_invalidate,
	type nf_flow_invalidate_ops,
	nf_flow_neigh_key,
	NF_FLOW_NEIGH_WORDS,
	nf_flow_station_key,
	NF_FLOW_STATION_WORDS,
} from '../../include/net/netfilter/nf_flow_table_invalidate.ts';
import { NUD_FAILED } from '../../include/uapi/linux/neighbour.ts';
import { NFPROTO_IPV6 } from '../../include/uapi/linux/netfilter.ts';
import type { rtable } from '../../include/net/route.ts';
import { vlan_dev_real_dev } from '../8021q/vlan_core.ts';
import { br_topology_usable } from '../bridge/br_topology.ts';
import { register_netdevice_notifier, unregister_netdevice_notifier } from '../core/dev.ts';
import { dst_hold_safe } from '../core/dst.ts';
import { neigh_release } from '../core/neighbour.ts';
import { register_netevent_notifier, unregister_netevent_notifier } from '../core/netevent.ts';
import { flow_offload_del, flow_offload_teardown } from './nf_flow_table_core.ts';
import { nf_route } from './utils.ts';

/** Ended flows of a connection that cost it nothing. */
const DAMPING_BURST = 4;
/** Jiffies without an ended flow after which all is forgotten. */
const DAMPING_QUIET = 60 * HZ;
/** Jiffies that a connection stays on the classic path: doubled with each flow, up to the limit. */
const DAMPING_HOLD = HZ;
const DAMPING_HOLD_MAX = 32 * HZ;

const station_rhash_params = rhashtable_words<nf_flow_dep_head>(NF_FLOW_STATION_WORDS);
const neigh_rhash_params = rhashtable_words<nf_flow_dep_head>(NF_FLOW_NEIGH_WORDS);

/** What is known of a device: the flows that depend on it, and on what is seen through it. */
class nf_flow_inval_dev {
	/** On the device itself. */
	readonly own = new nf_flow_dep_head(new Int32Array(0));
	/** On a station behind the bridge, by MAC and VLAN id. */
	readonly stations: rhashtable<nf_flow_dep_head>;
	/** On a neighbour, by address. */
	readonly neighs: rhashtable<nf_flow_dep_head>;
	/** Dependencies in all three. */
	count = 0;

	constructor(m: Machine) {
		/* not of random_u32(): what a machine draws is the same with the switch on */
		this.stations = new rhashtable(station_rhash_params, m.seed);
		this.neighs = new rhashtable(neigh_rhash_params, m.seed);
	}
}

/** What the tables of a machine share that are switched on. */
class nf_flow_inval_state {
	tables = 0;
	/** Events so far. */
	generation = 0;
	readonly index = new Map<net_device, nf_flow_inval_dev>();
	/* keys of the look-up at hand */
	readonly station_key = new Int32Array(NF_FLOW_STATION_WORDS);
	readonly neigh_key = new Int32Array(NF_FLOW_NEIGH_WORDS);
}

const nf_flow_inval = machine_var(() => new nf_flow_inval_state());

/**
 * Index of a device, made when it is not there.
 * @kernel PORT: ours
 */
function nf_flow_inval_dev_get(dev: net_device): nf_flow_inval_dev {
	const { index } = nf_flow_inval.of(dev.machine);
	let d = index.get(dev);
	if (d === undefined) {
		d = new nf_flow_inval_dev(dev.machine);
		index.set(dev, d);
	}
	return d;
}

/**
 * Flows under a key, made when there are none.
 * @param key becomes theirs
 * @kernel PORT: ours
 */
function nf_flow_inval_head_get(
	ht: rhashtable<nf_flow_dep_head>,
	key: Int32Array,
	params: rhashtable_params<Int32Array, nf_flow_dep_head>,
): nf_flow_dep_head {
	let head = rhashtable_lookup(ht, key, params);
	if (head === null) {
		head = new nf_flow_dep_head(key);
		rhashtable_insert_fast(ht, head);
	}
	return head;
}

/**
 * Enters a flow under a device; once is enough.
 * @kernel PORT: ours
 */
function nf_flow_inval_on_dev(deps: nf_flow_deps, dir: flow_offload_tuple_dir, dev: net_device): void {
	const { list } = deps;
	const d = nf_flow_inval_dev_get(dev);
	for (const dep of list) if (dep.head === d.own) return;
	d.count++;
	list.push(new nf_flow_dep(deps, dir, dev, d.own, null, null));
}

/**
 * Enters a direction under a station behind a bridge.
 * v3: S10 - the VLAN id is 0, by which v3 looks stations up.
 * @param port null when the bridge does not know the station
 * @kernel PORT: ours
 */
function nf_flow_inval_on_station(
	deps: nf_flow_deps,
	dir: flow_offload_tuple_dir,
	bridge: net_device,
	mac: Uint8Array,
	port: net_device | null,
): void {
	const d = nf_flow_inval_dev_get(bridge);
	const key = new Int32Array(NF_FLOW_STATION_WORDS);
	nf_flow_station_key(key, mac, 0);
	const head = nf_flow_inval_head_get(d.stations, key, station_rhash_params);
	d.count++;
	deps.list.push(new nf_flow_dep(deps, dir, bridge, head, port, null));
}

/**
 * Enters a direction under a neighbour.
 * @param mac null when it had none that holds
 * @kernel PORT: ours
 */
function nf_flow_inval_on_neigh(
	deps: nf_flow_deps,
	dir: flow_offload_tuple_dir,
	dev: net_device,
	addr: Uint8Array,
	mac: Uint8Array | null,
): void {
	const d = nf_flow_inval_dev_get(dev);
	const key = new Int32Array(NF_FLOW_NEIGH_WORDS);
	nf_flow_neigh_key(key, addr);
	const head = nf_flow_inval_head_get(d.neighs, key, neigh_rhash_params);
	d.count++;
	deps.list.push(new nf_flow_dep(deps, dir, dev, head, null, mac));
}

/**
 * Takes a flow out from under one thing.
 * @kernel PORT: ours
 */
function nf_flow_inval_unlink(dep: nf_flow_dep): void {
	const { dev, head, prev, next } = dep;
	if (prev !== null) prev.next = next;
	else head.first = next;
	if (next !== null) next.prev = prev;
	const { index } = nf_flow_inval.of(dev.machine);
	const d = index.get(dev)!;
	d.count--;
	if (d.count === 0) {
		index.delete(dev);
	} else if (head.first === null && head !== d.own) {
		if (head.key.length === NF_FLOW_STATION_WORDS) rhashtable_remove_fast(d.stations, head);
		else rhashtable_remove_fast(d.neighs, head);
	}
}

/**
 * Notes that a flow of a connection was ended; too often, and the connection stays on the classic path for a
 * while.
 * @kernel PORT: ours
 */
function nf_flow_inval_damp(inv: nf_flow_invalidate, ct: nf_conn): void {
	const now = inv.flow_table.net.machine.jiffies;
	let d = inv.damping.get(ct);
	if (d === undefined) {
		d = new nf_flow_inval_damping();
		inv.damping.set(ct, d);
	}
	if (now - d.last > DAMPING_QUIET) d.count = 0;
	d.last = now;
	d.count++;
	if (d.count > DAMPING_BURST)
		d.until =
			now + Math.min(DAMPING_HOLD * 2 ** Math.min(d.count - DAMPING_BURST - 1, 8), DAMPING_HOLD_MAX);
}

/**
 * Ends a flow at once: out of the table, the connection's mark off. One that ended meanwhile has no
 * dependencies any more, and one that v3 tore down waits for the collector, as without us.
 * @param cause NF_FLOW_INVAL_*
 * @kernel PORT: ours
 */
function nf_flow_inval_end_flow(
	inv: nf_flow_invalidate,
	flow: flow_offload,
	cause: number,
): void {
	if (!inv.deps.has(flow) || (flow.flags & NF_FLOW_TEARDOWN) !== 0) return;
	inv.ended[cause]++;
	if (cause !== NF_FLOW_INVAL_RACE) nf_flow_inval_damp(inv, flow.ct);
	flow_offload_teardown(flow);
	flow_offload_del(inv.flow_table, flow);
}

/**
 * Next dependency of another flow: the one at hand may take all of its own along.
 * @kernel PORT: ours
 */
function nf_flow_inval_next(dep: nf_flow_dep): nf_flow_dep | null {
	let { next } = dep;
	while (next !== null && next.deps === dep.deps) next = next.next;
	return next;
}

/**
 * Ends all flows that depend on a device.
 * @param refused only those that would have gone another path, had it been fit
 * @kernel PORT: ours
 */
function nf_flow_inval_dev_event(dev: net_device, cause: number, refused = false): void {
	const s = nf_flow_inval.of(dev.machine);
	s.generation++;
	const d = s.index.get(dev);
	if (d === undefined) return;
	let dep = d.own.first;
	while (dep !== null) {
		const next = nf_flow_inval_next(dep);
		const { inv, unfit } = dep.deps;
		inv.touched++;
		if (unfit || !refused) nf_flow_inval_end_flow(dep.deps.inv, dep.deps.flow, cause);
		dep = next;
	}
}

/**
 * Handles an event of a device.
 * @returns NOTIFY_DONE
 * @kernel PORT: ours
 */
function nf_flow_inval_netdev_event(event: number, info: netdev_notifier_info): number {
	const { dev } = info;
	switch (event) {
		case NETDEV_GOING_DOWN:
		case NETDEV_DOWN:
			nf_flow_inval_dev_event(dev, NF_FLOW_INVAL_DOWN);
			break;
		case NETDEV_UNREGISTER:
			nf_flow_inval_dev_event(dev, NF_FLOW_INVAL_GONE);
			break;
		case NETDEV_CHANGE:
			nf_flow_inval_dev_event(dev, NF_FLOW_INVAL_CARRIER, netif_carrier_ok(dev));
			break;
		case NETDEV_CHANGEMTU:
			nf_flow_inval_dev_event(dev, NF_FLOW_INVAL_MTU);
			break;
		case NETDEV_CHANGEADDR:
			nf_flow_inval_dev_event(dev, NF_FLOW_INVAL_ADDRESS);
			break;
		case NETDEV_CHANGEUPPER:
			if (info instanceof netdev_notifier_changeupper_info && info.master)
				nf_flow_inval_dev_event(dev, NF_FLOW_INVAL_MASTER);
			break;
	}
	return NOTIFY_DONE;
}

/* Before v3's own, which walks the table. */
const nf_flow_inval_netdev_notifier: notifier_block<netdev_notifier_info> = {
	notifier_call: nf_flow_inval_netdev_event,
	priority: 1,
};

/**
 * Handles an event of a neighbour: another MAC, or none any more, or one where there was none. Another state with
 * the same MAC is no news.
 * @returns NOTIFY_DONE
 * @kernel PORT: ours
 */
function nf_flow_inval_netevent(event: number, ptr: netevent_ptr): number {
	if (event !== NETEVENT_NEIGH_UPDATE) return NOTIFY_DONE;
	const n = ptr as neighbour;
	const s = nf_flow_inval.of(n.dev.machine);
	s.generation++;
	const d = s.index.get(n.dev);
	if (d === undefined) return NOTIFY_DONE;
	nf_flow_neigh_key(s.neigh_key, n.primary_key);
	const head = rhashtable_lookup(d.neighs, s.neigh_key, neigh_rhash_params);
	if (head === null) return NOTIFY_DONE;
	const valid = (n.nud_state & NUD_VALID) !== 0;
	const failed = (n.nud_state & NUD_FAILED) !== 0;
	let dep = head.first;
	while (dep !== null) {
		const next = nf_flow_inval_next(dep);
		dep.deps.inv.touched++;
		const { mac } = dep;
		if (mac === null ? valid : failed || (valid && !ether_addr_equal(mac, 0, n.ha, 0)))
			nf_flow_inval_end_flow(dep.deps.inv, dep.deps.flow, NF_FLOW_INVAL_NEIGH);
		dep = next;
	}
	return NOTIFY_DONE;
}

const nf_flow_inval_netevent_notifier: notifier_block<netevent_ptr> = {
	notifier_call: nf_flow_inval_netevent,
	priority: 0,
};

/**
 * Flows that depend on a station behind a bridge, or null.
 * @kernel PORT: ours
 */
function nf_flow_inval_station(
	s: nf_flow_inval_state,
	bridge: net_device,
	mac: Uint8Array,
	vid: number,
): nf_flow_dep_head | null {
	const d = s.index.get(bridge);
	if (d === undefined) return null;
	nf_flow_station_key(s.station_key, mac, vid);
	return rhashtable_lookup(d.stations, s.station_key, station_rhash_params);
}

/**
 * Handles an event of a forwarding entry. A refresh by the same port is no news.
 * @kernel PORT: ours
 */
function nf_flow_inval_fdb(
	bridge: net_device,
	mac: Uint8Array,
	vid: number,
	port: net_device | null,
	gone: boolean,
): void {
	const s = nf_flow_inval.of(bridge.machine);
	s.generation++;
	const head = nf_flow_inval_station(s, bridge, mac, vid);
	if (head === null) return;
	let dep = head.first;
	while (dep !== null) {
		const next = nf_flow_inval_next(dep);
		dep.deps.inv.touched++;
		if (gone) {
			if (dep.port !== null) nf_flow_inval_end_flow(dep.deps.inv, dep.deps.flow, NF_FLOW_INVAL_FDB_DELETE);
		} else if (port !== dep.port) {
			nf_flow_inval_end_flow(
				dep.deps.inv,
				dep.deps.flow,
				dep.port === null ? NF_FLOW_INVAL_FDB_ADD : NF_FLOW_INVAL_FDB_MOVE,
			);
		}
		dep = next;
	}
}

/**
 * Last time that the fast path took a packet from a station.
 * @returns jiffies, 0 for never
 * @kernel PORT: ours
 */
function nf_flow_inval_seen(bridge: net_device, mac: Uint8Array, vid: number): number {
	const head = nf_flow_inval_station(nf_flow_inval.of(bridge.machine), bridge, mac, vid);
	let seen = 0;
	for (let dep = head === null ? null : head.first; dep !== null; dep = dep.next)
		seen = Math.max(seen, dep.deps.route[dep.dir === 0 ? 1 : 0].seen_ns);
	return Math.floor((seen * HZ) / 1e9);
}

/**
 * Handles an event of a port or bridge.
 * @kernel PORT: ours
 */
function nf_flow_inval_port(dev: net_device, change: br_topology_change): void {
	nf_flow_inval_dev_event(
		dev,
		change === BR_TOPOLOGY_STATE
			? NF_FLOW_INVAL_PORT_STATE
			: change === BR_TOPOLOGY_LEFT
				? NF_FLOW_INVAL_PORT_LEFT
				: change === BR_TOPOLOGY_ISOLATED
					? NF_FLOW_INVAL_ISOLATED
					: NF_FLOW_INVAL_VLAN,
	);
}

const nf_flow_inval_listener: br_topology_listener = {
	fdb: nf_flow_inval_fdb,
	port: nf_flow_inval_port,
	seen: nf_flow_inval_seen,
};

/**
 * Number of events so far, those of routes included.
 * @kernel PORT: ours
 */
function nf_flow_inval_generation(net: net): number {
	return nf_flow_inval.of(net.machine).generation + net.ipv4.rt_genid + net.ipv6.fib6_sernum;
}

/**
 * A flow is about to be made: takes the generation, unless the connection's flows ended too often.
 * @returns whether it may be made
 * @kernel PORT: ours
 */
function nf_flow_inval_begin(
	inv: nf_flow_invalidate,
	ct: nf_conn,
	route: nf_flow_route,
	dir: flow_offload_tuple_dir,
): boolean {
	const { net } = inv.flow_table;
	const damping = inv.damping.get(ct);
	if (damping !== undefined && net.machine.jiffies < damping.until) {
		inv.damped++;
		return false;
	}
	route.inval = new nf_flow_inval_setup(nf_flow_inval_generation(net), dir);
	return true;
}

/**
 * Bridge at which a path went no further, or null.
 * @kernel PORT: ours
 */
function nf_flow_inval_stuck(dst: dst_entry, stack: net_device_path_stack): net_device | null {
	let { dev } = dst;
	if (stack.num_paths > 1) {
		const last = stack.path[stack.num_paths - 2];
		if (last.type !== DEV_PATH_VLAN) return null;
		dev = vlan_dev_real_dev(last.dev!);
	}
	return dev !== null && netif_is_bridge_master(dev) ? dev : null;
}

/**
 * Notes the neighbour of a direction.
 * @param mac null when it has none that holds
 * @kernel PORT: ours
 */
function nf_flow_inval_note_neigh(
	p: nf_flow_inval_path,
	ct: nf_conn,
	dir: flow_offload_tuple_dir,
	dst: dst_entry,
	mac: Uint8Array | null,
): void {
	const { tuple } = ct.tuplehash_of(dir === 0 ? 1 : 0);
	const n = dst_neigh_lookup(
		dst,
		tuple.src_l3num === NFPROTO_IPV6 ? tuple.src_u3_in6(new Uint8Array(16)) : tuple.src_u3_ip,
	);
	if (n === null) return;
	p.neigh_dev = n.dev;
	p.neigh_key = n.primary_key.slice();
	p.neigh_mac = mac;
	neigh_release(n);
}

/**
 * A direction's path was looked for: notes what it leans on. One that the bridge itself would not go, or with a
 * device that cannot send, is not used.
 * @returns whether the path may be used
 * @kernel PORT: ours
 */
function nf_flow_inval_path_found(
	inv: nf_flow_invalidate,
	route: nf_flow_route,
	ct: nf_conn,
	dir: flow_offload_tuple_dir,
	stack: net_device_path_stack,
	indev: net_device | null,
	ha: Uint8Array,
): boolean {
	const dst = route.tuple[dir].dst!;
	const p = route.inval!.path[dir];
	const mac = ha.slice();
	p.indev = indev;
	let usable = true;
	for (let i = 0; i < stack.num_paths && i < stack.path.length; i++) {
		const { dev, type } = stack.path[i];
		if (dev === null) break;
		p.devs.push(dev);
		if (!netif_running(dev) || !netif_carrier_ok(dev)) usable = false;
		if (type !== DEV_PATH_BRIDGE || i + 1 === stack.path.length) continue;
		const port = stack.path[i + 1].dev;
		const tag = i > 0 && stack.path[i - 1].type === DEV_PATH_VLAN ? stack.path[i - 1].vlan : null;
		p.stations.push({ bridge: dev, port, mac });
		if (port !== null && !br_topology_usable(dev, port, tag?.id ?? 0, tag?.proto ?? 0))
			usable = false;
	}
	if (indev === null && stack.num_paths > 0) {
		const bridge = nf_flow_inval_stuck(dst, stack);
		if (bridge !== null) p.stations.push({ bridge, port: null, mac });
	}
	if (p.stations.length > 0) nf_flow_inval_note_neigh(p, ct, dir, dst, mac);
	else if (
		stack.num_paths === 0 &&
		(netif_is_bridge_master(dst.dev!) || is_vlan_dev(dst.dev!))
	)
		nf_flow_inval_note_neigh(p, ct, dir, dst, null);
	if (indev !== null && !usable) {
		route.inval!.unfit = true;
		inv.refused++;
		return false;
	}
	return true;
}

/**
 * Gateway of a route: number (IPv4), bytes (IPv6), 0 for none.
 * @kernel PORT: ours
 */
function nf_flow_inval_gateway(dst: dst_entry, v6: boolean): Uint8Array | number {
	if (v6) {
		const rt = dst as rt6_info;
		return (rt.rt6i_flags & RTF_GATEWAY) !== 0 ? rt.rt6i_gateway.slice() : 0;
	}
	const rt = dst as rtable;
	if (rt.rt_gw_family === AF_INET) return rt.rt_gw4;
	return rt.rt_gw_family === AF_INET6 ? rt.rt_gw6!.slice() : 0;
}

/**
 * Tells whether two gateways are one.
 * @kernel PORT: ours
 */
function nf_flow_inval_same_gateway(a: Uint8Array | number, b: Uint8Array | number): boolean {
	if (typeof a === 'number' || typeof b === 'number') return a === b;
	for (let i = 0; i < 16; i++) if (a[i] !== b[i]) return false;
	return true;
}

/**
 * MTU that a flow has of a destination, bytes.
 * @kernel PORT: part of net/netfilter/nf_flow_table_core.c:77 flow_offload_fill_route
 */
function nf_flow_inval_mtu(dst: dst_entry, v6: boolean): number {
	return (v6 ? ip6_dst_mtu_forward(dst) : ip_dst_mtu_maybe_forward(dst, true)) & 0xffff;
}

/**
 * Serial number of an IPv6 destination for dst_check().
 * @kernel PORT: ours
 */
function nf_flow_inval_cookie(dst: dst_entry, v6: boolean): number {
	return v6 && dst_xfrm(dst) === null ? rt6_get_cookie(dst as rt6_info) : 0;
}

/**
 * Looks up how a direction goes now, by its destination alone.
 * @param oif device that the look-up is bound to, 0 for none
 * @returns a destination with a reference, or null
 * @kernel PORT: ours
 */
function nf_flow_inval_lookup(
	net: net,
	ct: nf_conn,
	dir: flow_offload_tuple_dir,
	oif: number,
): dst_entry | null {
	const { tuple } = ct.tuplehash_of(dir === 0 ? 1 : 0);
	let fl: flowi4 | flowi6;
	if (tuple.src_l3num === NFPROTO_IPV6) {
		fl = new flowi6();
		tuple.src_u3_in6(fl.daddr);
		fl.flowi6_oif = oif;
	} else {
		fl = new flowi4();
		fl.daddr = tuple.src_u3_ip;
		fl.flowi4_oif = oif;
	}
	const dst = nf_route(net, fl, false, tuple.src_l3num);
	if (dst === null || IS_ERR(dst)) return null;
	if (dst.error === 0) return dst;
	dst_release(dst);
	return null;
}

/**
 * Tells whether routes depend on more than the destination, or packets may be taken out of them.
 * @kernel PORT: ours
 */
function nf_flow_inval_ruled(net: net, v6: boolean): boolean {
	const { policy_count } = net.xfrm;
	return (
		(v6 ? fib6_has_custom_rules(net) : fib4_has_custom_rules(net)) ||
		policy_count[0] + policy_count[1] + policy_count[2] !== 0
	);
}

/**
 * Notes how a direction is routed.
 * @param dst what the flow has
 * @param oif device that its look-up is bound to, 0 for none
 * @returns null when the destination is on its way out
 * @kernel PORT: ours
 */
function nf_flow_inval_route_of(
	net: net,
	flow: flow_offload,
	dir: flow_offload_tuple_dir,
	dst: dst_entry,
	oif: number,
): nf_flow_inval_route | null {
	const v6 = flow.tuplehash_of(dir).tuple.l3proto === AF_INET6;
	const plain = dst_xfrm(dst) === null;
	const gateway = plain ? nf_flow_inval_gateway(dst, v6) : 0;
	const dev = dst.dev!;
	const ruled = !plain || nf_flow_inval_ruled(net, v6);
	/* as a packet's own look-up does, or as v3 does for the direction that has no packet at hand */
	for (let bound = 0; !ruled; bound = oif) {
		const now = nf_flow_inval_lookup(net, flow.ct, dir, bound);
		if (now !== null) {
			if (
				now.dev === dev &&
				nf_flow_inval_same_gateway(gateway, nf_flow_inval_gateway(now, v6)) &&
				nf_flow_inval_mtu(now, v6) === flow.tuplehash_of(dir).tuple.mtu
			)
				return new nf_flow_inval_route(
					now,
					nf_flow_inval_cookie(now, v6),
					true,
					bound,
					dev,
					gateway,
				);
			dst_release(now);
		}
		if (bound === oif) break;
	}
	if (!dst_hold_safe(dst)) return null;
	return new nf_flow_inval_route(dst, nf_flow_inval_cookie(dst, v6), false, oif, dev, gateway);
}

/**
 * Enters a direction under what its path leans on.
 * @kernel PORT: ours
 */
function nf_flow_inval_enter(
	deps: nf_flow_deps,
	route: nf_flow_route,
	dir: flow_offload_tuple_dir,
): void {
	const p = route.inval!.path[dir];
	nf_flow_inval_on_dev(deps, dir, route.tuple[dir].dst!.dev!);
	for (const dev of p.devs) nf_flow_inval_on_dev(deps, dir, dev);
	/* A path that was found and whose device is not in the flowtable: the bridge goes on looking. */
	const listed = p.indev === null || route.tuple[dir === 0 ? 1 : 0].in.ifindex === p.indev.ifindex;
	const usable = p.indev !== null && listed;
	for (const { bridge, port, mac } of p.stations)
		if (usable || port === null) nf_flow_inval_on_station(deps, dir, bridge, mac, port);
	if (p.neigh_dev !== null && listed)
		nf_flow_inval_on_neigh(deps, dir, p.neigh_dev, p.neigh_key!, p.neigh_mac);
}

/**
 * Enters a flow under all it depends on, unless it was torn down meanwhile: it stands in the table already. Where
 * there are more processors this is under the lock of the index, and so are the events' look-ups and the
 * removal.
 * @kernel PORT: ours
 */
function nf_flow_inval_link(deps: nf_flow_deps, route: nf_flow_route): void {
	if ((deps.flow.flags & NF_FLOW_TEARDOWN) !== 0) {
		dst_release(deps.route[0].dst);
		dst_release(deps.route[1].dst);
		return;
	}
	deps.inv.deps.set(deps.flow, deps);
	nf_flow_inval_enter(deps, route, 0);
	nf_flow_inval_enter(deps, route, 1);
}

/**
 * A flow stands in its table: enters it under all it depends on, and ends it when something happened since it
 * began.
 * @kernel PORT: ours
 */
function nf_flow_inval_added(
	inv: nf_flow_invalidate,
	flow: flow_offload,
	route: nf_flow_route,
): void {
	const { net } = inv.flow_table;
	const { dir, generation, unfit } = route.inval!;
	/* the packet's own destination was looked up by its addresses, the other one for the device it came by */
	const oif = (d: flow_offload_tuple_dir): number =>
		d === dir ? 0 : route.tuple[d].dst!.dev!.ifindex;
	const original = nf_flow_inval_route_of(net, flow, 0, route.tuple[0].dst!, oif(0));
	const reply = nf_flow_inval_route_of(net, flow, 1, route.tuple[1].dst!, oif(1));
	if (original === null || reply === null) {
		dst_release(original?.dst ?? null);
		dst_release(reply?.dst ?? null);
		if ((flow.flags & NF_FLOW_TEARDOWN) !== 0) return;
		inv.ended[NF_FLOW_INVAL_RACE]++;
		flow_offload_teardown(flow);
		flow_offload_del(inv.flow_table, flow);
		return;
	}
	nf_flow_inval_link(new nf_flow_deps(inv, flow, original, reply, unfit), route);
	if (
		nf_flow_inval_generation(net) !== generation ||
		nf_flow_inval_dead(flow, route, 0) ||
		nf_flow_inval_dead(flow, route, 1)
	)
		nf_flow_inval_end_flow(inv, flow, NF_FLOW_INVAL_RACE);
}

/**
 * Tells whether a direction's destination was out of date when the flow was made.
 * @kernel PORT: ours
 */
function nf_flow_inval_dead(
	flow: flow_offload,
	route: nf_flow_route,
	dir: flow_offload_tuple_dir,
): boolean {
	const dst = route.tuple[dir].dst!;
	const v6 = flow.tuplehash_of(dir).tuple.l3proto === AF_INET6;
	return dst_check(dst, nf_flow_inval_cookie(dst, v6)) === null;
}

/**
 * Looks up a route whose cached destination is no longer sure.
 * @returns whether the direction goes as it did
 * @kernel PORT: ours
 */
function nf_flow_inval_same_route(
	inv: nf_flow_invalidate,
	flow: flow_offload,
	dir: flow_offload_tuple_dir,
	r: nf_flow_inval_route,
): boolean {
	const { net } = inv.flow_table;
	const { tuple } = flow.tuplehash_of(dir);
	const v6 = tuple.l3proto === AF_INET6;
	if (!r.exact || nf_flow_inval_ruled(net, v6)) return false;
	const own = tuple.xmit_type === FLOW_OFFLOAD_XMIT_DIRECT ? null : tuple.dst_cache;
	if (own !== null && (own.obsolete === DST_OBSOLETE_DEAD || own.dev !== r.dev)) return false;
	const now = nf_flow_inval_lookup(net, flow.ct, dir, r.oif);
	if (now === null) return false;
	if (
		now.dev !== r.dev ||
		!nf_flow_inval_same_gateway(r.gateway, nf_flow_inval_gateway(now, v6)) ||
		nf_flow_inval_mtu(now, v6) !== tuple.mtu
	) {
		dst_release(now);
		return false;
	}
	dst_release(r.dst);
	r.dst = now;
	r.cookie = nf_flow_inval_cookie(now, v6);
	inv.confirmed++;
	return true;
}

/**
 * A packet met a flow: notes when, and ends the flow when its route is another now. Softirq, for each packet.
 * @returns whether the flow is gone
 * @kernel PORT: ours
 */
function nf_flow_inval_stale(
	inv: nf_flow_invalidate,
	flow: flow_offload,
	dir: flow_offload_tuple_dir,
): boolean {
	const deps = inv.deps.get(flow);
	/* it is being made */
	if (deps === undefined) return false;
	const r = deps.route[dir];
	r.seen_ns = inv.machine.now_ns;
	if (dst_check(r.dst, r.cookie) !== null) return false;
	if (nf_flow_inval_same_route(inv, flow, dir, r)) return false;
	nf_flow_inval_end_flow(inv, flow, NF_FLOW_INVAL_ROUTE);
	return true;
}

/**
 * A flow left its table: takes it out of the index.
 * @kernel PORT: ours
 */
function nf_flow_inval_deleted(inv: nf_flow_invalidate, flow: flow_offload): void {
	const deps = inv.deps.get(flow);
	if (deps === undefined) return;
	inv.deps.delete(flow);
	for (const dep of deps.list) nf_flow_inval_unlink(dep);
	dst_release(deps.route[0].dst);
	dst_release(deps.route[1].dst);
}

/**
 * A table goes, or is switched off; the last one takes the listeners along.
 * @kernel PORT: ours
 */
function nf_flow_inval_end(inv: nf_flow_invalidate): void {
	const m = inv.flow_table.net.machine;
	const s = nf_flow_inval.of(m);
	inv.flow_table.invalidate = null;
	if (--s.tables > 0) return;
	br_topology.of(m).by = null;
	unregister_netevent_notifier(m, nf_flow_inval_netevent_notifier);
	unregister_netdevice_notifier(m, nf_flow_inval_netdev_notifier);
}

const nf_flow_inval_ops: nf_flow_invalidate_ops = {
	begin: nf_flow_inval_begin,
	path: nf_flow_inval_path_found,
	added: nf_flow_inval_added,
	stale: nf_flow_inval_stale,
	deleted: nf_flow_inval_deleted,
	end: nf_flow_inval_end,
};

/**
 * Switches a table's invalidation on or off. Switched on, flows that stand in the table end: nobody noted what they
 * depend on. Switched off, they stay, as v3 has them.
 * @returns 0 or a negative errno
 * @kernel PORT: ours
 */
export function nf_flow_table_invalidate_set(flow_table: nf_flowtable, on: boolean): number {
	const m = flow_table.net.machine;
	const s = nf_flow_inval.of(m);
	const inv = flow_table.invalidate;
	if (on === (inv !== null)) return 0;
	if (inv !== null) {
		rhashtable_walk(flow_table.rhashtable, (h) => {
			if (h.tuple.dir === 0) nf_flow_inval_deleted(inv, h.flow);
		});
		nf_flow_inval_end(inv);
		return 0;
	}
	if (s.tables === 0) {
		const err = register_netdevice_notifier(m, nf_flow_inval_netdev_notifier);
		if (err !== 0) return err;
		register_netevent_notifier(m, nf_flow_inval_netevent_notifier);
		br_topology.of(m).by = nf_flow_inval_listener;
	}
	s.tables++;
	const made = new nf_flow_invalidate(flow_table, nf_flow_inval_ops);
	flow_table.invalidate = made;
	rhashtable_walk(flow_table.rhashtable, (h) => {
		if (h.tuple.dir !== 0) return;
		made.ended[NF_FLOW_INVAL_SWITCH]++;
		flow_offload_teardown(h.flow);
		flow_offload_del(flow_table, h.flow);
	});
	return 0;
}
