// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_flow_table_core.c, base v5.10 + patches 1/9, 2/9, 6/9, 7/9, 8/9.
 *
 * The flow table: making, finding, refreshing and ending flows, and the port half of NAT.
 *
 * PORT: flow_offload_hash(), flow_offload_hash_obj(), flow_offload_hash_cmp() and nf_flow_offload_rhash_params stand
 * in include/net/netfilter/nf_flow_table.ts, beside the words that they are about.
 * PORT: nf_flow_offload_gc_step(), nf_flow_offload_work_gc() and nf_flow_table_do_cleanup() get what C hands on as
 * `data` or finds around `work`.
 * PORT: a table may be told to end flows with what they depend on (nf_flow_table_invalidate.ts, ours): lookups,
 * removals and the end of a table say so there. While that is off each is one look at a null.
 * Not ported: the branches for NF_FLOW_HW; a table with the offload flag is refused before it has flows.
 */
import { get_unaligned_be16, get_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import { ether_addr_equal } from '../../include/linux/etherdevice.ts';
import { jhash_3words } from '../../include/linux/jhash.ts';
import { HZ, machine_var, type Machine } from '../../include/linux/machine.ts';
import {
	delayed_work,
	cancel_delayed_work_sync,
	flush_delayed_work,
	queue_delayed_work,
} from '../../include/linux/workqueue.ts';
import type { net_device } from '../../include/linux/netdevice.ts';
import { CHECKSUM_PARTIAL, type sk_buff } from '../../include/linux/skbuff.ts';
import {
	rhashtable_insert_fast,
	rhashtable_lookup,
	rhashtable_remove_fast,
	rhashtable_walk,
	rhashtable_walk_enter,
	rhashtable_walk_some,
} from '../../include/linux/rhashtable.ts';
import type { ip_ct_tcp } from '../../include/linux/netfilter/nf_conntrack_tcp.ts';
import { ip_dst_mtu_maybe_forward } from '../../include/net/ip.ts';
import { ip6_dst_mtu_forward } from '../../include/net/ip6_route.ts';
import { CSUM_MANGLED_0 } from '../../include/net/checksum.ts';
import {
	nf_ct_is_dying,
	nf_ct_net,
	nf_ct_offload_timeout,
	nf_ct_protonum,
	nf_ct_put,
	type nf_conn,
} from '../../include/net/netfilter/nf_conntrack.ts';
import {
	flow_offload,
	flow_offload_out,
	FLOW_OFFLOAD_DIR_ORIGINAL,
	FLOW_OFFLOAD_DIR_REPLY,
	FLOW_OFFLOAD_WORDS,
	FLOW_OFFLOAD_XMIT_DIRECT,
	FLOW_OFFLOAD_XMIT_NEIGH,
	FLOW_OFFLOAD_XMIT_XFRM,
	type flow_offload_tuple,
	type flow_offload_tuple_dir,
	type flow_offload_tuple_rhash,
	FLOW_PORTS_dest,
	FLOW_PORTS_LEN,
	FLOW_PORTS_source,
	NF_FLOW_DNAT,
	NF_FLOW_OFFLOAD_ROUTE,
	NF_FLOW_SNAT,
	NF_FLOW_TEARDOWN,
	nf_flow_offload_rhash_params,
	NF_FLOW_TIMEOUT,
	nf_flow_timeout_delta,
	type nf_flow_route,
	type nf_flow_route_tuple,
	type nf_flowtable,
} from '../../include/net/netfilter/nf_flow_table.ts';
import {
	IPS_DST_NAT,
	IPS_OFFLOAD,
	IPS_SRC_NAT,
} from '../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import { TCP_CONNTRACK_ESTABLISHED } from '../../include/uapi/linux/netfilter/nf_conntrack_tcp.ts';
import { NF_DROP, NFPROTO_IPV4, NFPROTO_IPV6 } from '../../include/uapi/linux/netfilter.ts';
import { IPPROTO_TCP, IPPROTO_UDP } from '../../include/uapi/linux/in.ts';
import { TCPHDR_check, TCPHDR_LEN } from '../../include/uapi/linux/tcp.ts';
import { UDPHDR_check, UDPHDR_LEN } from '../../include/uapi/linux/udp.ts';
import { dst_release } from '../../include/net/dst.ts';
import { dst_hold_safe } from '../core/dst.ts';
import { skb_try_make_writable } from '../core/skbuff.ts';
import { inet_proto_csum_replace2 } from '../core/utils.ts';

/** All flow tables of a machine, newest first. */
export const flowtables = machine_var((): nf_flowtable[] => []);

/** Flows whose words share an array; it goes with the last of them. */
const FLOWS_A_ROOM = 128;

/* PORT: stands for kmalloc(): where the IPv6 addresses of the next flow go. */
const flow_rooms = machine_var(() => ({
	words: new Int32Array(FLOWS_A_ROOM * FLOW_OFFLOAD_WORDS),
	used: 0,
}));

/** Ways of direct transmissions that flows made from now on may share. */
const FLOW_OUTS = 256;
const flow_outs = machine_var((): (flow_offload_out | undefined)[] => []);

/* Scratch for IPv6 addresses on their way from one tuple to another. */
const in6 = new Uint8Array(16);
const in6_view = new DataView(in6.buffer);

/**
 * Copies a direction's key from the connection.
 * @kernel net/netfilter/nf_flow_table_core.c:21 (v5.10)
 */
function flow_offload_fill_dir(flow: flow_offload, dir: flow_offload_tuple_dir): void {
	const ft = flow.tuplehash_of(dir).tuple;
	const ctt = flow.ct.tuplehash_of(dir).tuple;
	ft.dir = dir;
	switch (ctt.src_l3num) {
		case NFPROTO_IPV4:
			ft.src_v4 = ctt.src_u3_ip;
			ft.dst_v4 = ctt.dst_u3_ip;
			break;
		case NFPROTO_IPV6:
			ctt.src_u3_in6(in6);
			ft.set_src_v6(in6_view, 0);
			ctt.dst_u3_in6(in6);
			ft.set_dst_v6(in6_view, 0);
			break;
	}
	ft.set_protos(ctt.src_l3num, ctt.dst_protonum);
	ft.set_ports(ctt.src_u_all, ctt.dst_u_all);
}

/**
 * Makes a flow for a connection; takes a reference on it.
 * @returns the flow, or null when the connection is on its way out
 * @kernel net/netfilter/nf_flow_table_core.c:46 (v5.10)
 */
export function flow_offload_alloc(ct: nf_conn): flow_offload | null {
	if (nf_ct_is_dying(ct) || ct.ct_general_use === 0) return null;
	ct.ct_general_use++;
	let flow: flow_offload;
	if (ct.tuplehash_of(0).tuple.src_l3num === NFPROTO_IPV6) {
		const room = flow_rooms.of(ct.ct_net.machine);
		if (room.used === room.words.length) {
			room.words = new Int32Array(room.words.length);
			room.used = 0;
		}
		flow = new flow_offload(ct, room.words, room.used);
		room.used += FLOW_OFFLOAD_WORDS;
	} else flow = new flow_offload(ct, null, 0);
	flow_offload_fill_dir(flow, FLOW_OFFLOAD_DIR_ORIGINAL);
	flow_offload_fill_dir(flow, FLOW_OFFLOAD_DIR_REPLY);
	if ((ct.status & IPS_SRC_NAT) !== 0) flow.flags |= NF_FLOW_SNAT;
	if ((ct.status & IPS_DST_NAT) !== 0) flow.flags |= NF_FLOW_DNAT;
	return flow;
}

/**
 * What a direct transmission needs: flows of the same way share it, as long as not too many ways are in use.
 * @kernel PORT: the assignments to flow_tuple->out, patch 7/9
 */
function flow_offload_out_get(m: Machine, rt: nf_flow_route_tuple): flow_offload_out {
	const { ifindex, h_source, h_dest } = rt.out;
	const slot =
		jhash_3words(
			get_unaligned_be32(h_dest, 0),
			get_unaligned_be16(h_dest, 4),
			ifindex,
			0,
		) % FLOW_OUTS;
	const outs = flow_outs.of(m);
	const known = outs[slot];
	if (
		known !== undefined &&
		known.ifidx === ifindex &&
		ether_addr_equal(known.h_dest, 0, h_dest, 0) &&
		ether_addr_equal(known.h_source, 0, h_source, 0)
	)
		return known;
	const out = new flow_offload_out();
	out.h_dest.set(h_dest);
	out.h_source.set(h_source);
	out.ifidx = ifindex;
	outs[slot] = out;
	return out;
}

/**
 * Copies what the route says about a direction into its tuple.
 * @returns 0, or -1 when the destination is on its way out
 * @kernel net/netfilter/nf_flow_table_core.c:77 (v5.10) patch 2/9 6/9 7/9 8/9
 */
function flow_offload_fill_route(
	flow: flow_offload,
	route: nf_flow_route,
	dir: flow_offload_tuple_dir,
): number {
	const flow_tuple = flow.tuplehash_of(dir).tuple;
	const rt = route.tuple[dir];
	const dst = rt.dst!;
	switch (flow_tuple.l3proto) {
		case NFPROTO_IPV4:
			flow_tuple.mtu = ip_dst_mtu_maybe_forward(dst, true) & 0xffff;
			break;
		case NFPROTO_IPV6:
			flow_tuple.mtu = ip6_dst_mtu_forward(dst) & 0xffff;
			break;
	}
	flow_tuple.iifidx = rt.in.ifindex;
	for (let i = 0; i < rt.in.num_vlans; i++)
		flow_tuple.set_in_vlan(i, rt.in.vid[i], rt.in.vproto[i]);
	flow_tuple.in_vlan_num = rt.in.num_vlans;
	switch (rt.xmit_type) {
		case FLOW_OFFLOAD_XMIT_DIRECT:
			flow_tuple.out = flow_offload_out_get(flow.ct.ct_net.machine, rt);
			break;
		case FLOW_OFFLOAD_XMIT_XFRM:
		case FLOW_OFFLOAD_XMIT_NEIGH:
			if (!dst_hold_safe(dst)) return -1;
			flow_tuple.dst_cache = dst;
			break;
	}
	flow_tuple.xmit_type = rt.xmit_type;
	return 0;
}

/**
 * Drops the reference on the destination that a direction has cached.
 * @kernel net/netfilter/nf_flow_table_core.c patch 7/9
 */
function nft_flow_dst_release(flow: flow_offload, dir: flow_offload_tuple_dir): void {
	const { tuple } = flow.tuplehash_of(dir);
	if (
		tuple.xmit_type === FLOW_OFFLOAD_XMIT_NEIGH ||
		tuple.xmit_type === FLOW_OFFLOAD_XMIT_XFRM
	)
		dst_release(tuple.dst_cache);
}

/**
 * Takes over a route in both directions.
 * @returns 0 or -1; no reference is held then
 * @kernel net/netfilter/nf_flow_table_core.c:103 (v5.10) patch 7/9
 */
export function flow_offload_route_init(flow: flow_offload, route: nf_flow_route): number {
	let err = flow_offload_fill_route(flow, route, FLOW_OFFLOAD_DIR_ORIGINAL);
	if (err < 0) return err;
	err_route_reply: {
		err = flow_offload_fill_route(flow, route, FLOW_OFFLOAD_DIR_REPLY);
		if (err < 0) break err_route_reply;
		flow.type = NF_FLOW_OFFLOAD_ROUTE;
		return 0;
	}
	nft_flow_dst_release(flow, FLOW_OFFLOAD_DIR_ORIGINAL);
	return err;
}

/**
 * Lets conntrack learn both windows anew.
 * v3: S28 - whatever the state was, ESTABLISHED comes out.
 * @kernel net/netfilter/nf_flow_table_core.c:127 (v5.10)
 */
function flow_offload_fixup_tcp(tcp: ip_ct_tcp): void {
	tcp.state = TCP_CONNTRACK_ESTABLISHED;
	tcp.seen[0].td_maxwin = 0;
	tcp.seen[1].td_maxwin = 0;
}

const NF_FLOWTABLE_TCP_PICKUP_TIMEOUT = 120 * HZ;
const NF_FLOWTABLE_UDP_PICKUP_TIMEOUT = 30 * HZ;

/**
 * Shortens the day-long timeout of an offloaded connection.
 * @kernel net/netfilter/nf_flow_table_core.c:137 (v5.10)
 */
function flow_offload_fixup_ct_timeout(ct: nf_conn): void {
	const l4num = nf_ct_protonum(ct);
	let timeout: number;
	if (l4num === IPPROTO_TCP) timeout = NF_FLOWTABLE_TCP_PICKUP_TIMEOUT;
	else if (l4num === IPPROTO_UDP) timeout = NF_FLOWTABLE_UDP_PICKUP_TIMEOUT;
	else return;
	const now = ct.ct_net.machine.jiffies;
	if (nf_flow_timeout_delta(ct.timeout, now) > timeout) ct.timeout = (now + timeout) | 0;
}

/**
 * Puts a TCP connection into the state from which the slow path picks it up.
 * @kernel net/netfilter/nf_flow_table_core.c:158 (v5.10)
 */
function flow_offload_fixup_ct_state(ct: nf_conn): void {
	if (nf_ct_protonum(ct) === IPPROTO_TCP) flow_offload_fixup_tcp(ct.proto.tcp);
}

/**
 * Gives a connection back to the slow path.
 * @kernel net/netfilter/nf_flow_table_core.c:164 (v5.10)
 */
function flow_offload_fixup_ct(ct: nf_conn): void {
	flow_offload_fixup_ct_state(ct);
	flow_offload_fixup_ct_timeout(ct);
}

/**
 * Drops the destinations of both directions.
 * @kernel net/netfilter/nf_flow_table_core.c:170 (v5.10) patch 7/9
 */
function flow_offload_route_release(flow: flow_offload): void {
	nft_flow_dst_release(flow, FLOW_OFFLOAD_DIR_ORIGINAL);
	nft_flow_dst_release(flow, FLOW_OFFLOAD_DIR_REPLY);
}

/**
 * Ends a flow that is in no table: destinations and connection are let go.
 * @kernel net/netfilter/nf_flow_table_core.c:176 (v5.10)
 */
export function flow_offload_free(flow: flow_offload): void {
	switch (flow.type) {
		case NF_FLOW_OFFLOAD_ROUTE:
			flow_offload_route_release(flow);
			break;
		default:
			break;
	}
	nf_ct_put(flow.ct);
}

/**
 * Puts a flow into a table and starts its 30 seconds.
 * v3: S29 - the original direction is visible before the reply direction, as in C.
 * @returns 0 or a negative errno
 * @kernel net/netfilter/nf_flow_table_core.c:224 (v5.10)
 */
export function flow_offload_add(flow_table: nf_flowtable, flow: flow_offload): number {
	flow.timeout = (flow.ct.ct_net.machine.jiffies + NF_FLOW_TIMEOUT) | 0;
	let err = rhashtable_insert_fast(flow_table.rhashtable, flow.tuplehash_of(0));
	if (err < 0) return err;
	err = rhashtable_insert_fast(flow_table.rhashtable, flow.tuplehash_of(1));
	if (err < 0) {
		rhashtable_remove_fast(flow_table.rhashtable, flow.tuplehash_of(0));
		return err;
	}
	nf_ct_offload_timeout(flow.ct);
	return 0;
}

/**
 * Starts a flow's 30 seconds anew.
 * @kernel net/netfilter/nf_flow_table_core.c:257 (v5.10)
 */
export function flow_offload_refresh(flow_table: nf_flowtable, flow: flow_offload): void {
	flow.timeout = (flow_table.net.machine.jiffies + NF_FLOW_TIMEOUT) | 0;
}

/**
 * Tells whether a flow was idle for too long.
 * @param now jiffies
 * @kernel net/netfilter/nf_flow_table_core.c:270 (v5.10)
 */
function nf_flow_has_expired(flow: flow_offload, now: number): boolean {
	return nf_flow_timeout_delta(flow.timeout, now) <= 0;
}

/**
 * Takes a flow out of its table and ends it.
 * PORT: static in C; nf_flow_table_invalidate.ts ends flows with it at once.
 * @kernel net/netfilter/nf_flow_table_core.c:275 (v5.10)
 */
export function flow_offload_del(flow_table: nf_flowtable, flow: flow_offload): void {
	rhashtable_remove_fast(flow_table.rhashtable, flow.tuplehash_of(FLOW_OFFLOAD_DIR_ORIGINAL));
	rhashtable_remove_fast(flow_table.rhashtable, flow.tuplehash_of(FLOW_OFFLOAD_DIR_REPLY));
	/* PORT: nf_flow_table_invalidate.ts */
	const inv = flow_table.invalidate;
	if (inv !== null) inv.ops.deleted(inv, flow);
	flow.ct.status &= ~IPS_OFFLOAD;
	if (nf_flow_has_expired(flow, flow_table.net.machine.jiffies))
		flow_offload_fixup_ct(flow.ct);
	else flow_offload_fixup_ct_timeout(flow.ct);
	flow_offload_free(flow);
}

/**
 * Makes a flow invisible to lookups; the next collection ends it.
 * @kernel net/netfilter/nf_flow_table_core.c:295 (v5.10)
 */
export function flow_offload_teardown(flow: flow_offload): void {
	flow.flags |= NF_FLOW_TEARDOWN;
	flow_offload_fixup_ct_state(flow.ct);
}

/**
 * Finds the direction of a flow that a packet belongs to.
 * @param tuple the packet's key
 * @returns the direction, or null: no flow, or one that is being torn down
 * @kernel net/netfilter/nf_flow_table_core.c:304 (v5.10)
 */
export function flow_offload_lookup(
	flow_table: nf_flowtable,
	tuple: flow_offload_tuple,
): flow_offload_tuple_rhash | null {
	const tuplehash = rhashtable_lookup(
		flow_table.rhashtable,
		tuple,
		nf_flow_offload_rhash_params,
	);
	if (tuplehash === null) return null;
	const { flow } = tuplehash;
	if ((flow.flags & NF_FLOW_TEARDOWN) !== 0) return null;
	if (nf_ct_is_dying(flow.ct)) return null;
	/* PORT: nf_flow_table_invalidate.ts; a flow that is no longer true ends here. */
	const inv = flow_table.invalidate;
	if (inv !== null && inv.ops.stale(inv, flow, tuplehash.tuple.dir)) return null;
	return tuplehash;
}

/**
 * Visits every flow once, by its original direction.
 * @kernel net/netfilter/nf_flow_table_core.c:329 (v5.10)
 */
function nf_flow_table_iterate(
	flow_table: nf_flowtable,
	iter: (flow: flow_offload) => void,
): void {
	rhashtable_walk(flow_table.rhashtable, (tuplehash) => {
		if (tuplehash.tuple.dir !== FLOW_OFFLOAD_DIR_ORIGINAL) return;
		iter(tuplehash.flow);
	});
}

/**
 * Ends a flow that is idle, torn down, or whose connection is dying.
 * @param now jiffies
 * @kernel net/netfilter/nf_flow_table_core.c:362 (v5.10)
 */
function nf_flow_offload_gc_step(
	flow_table: nf_flowtable,
	flow: flow_offload,
	now: number,
): void {
	if (nf_flow_has_expired(flow, now) || nf_ct_is_dying(flow.ct))
		flow.flags |= NF_FLOW_TEARDOWN;
	if ((flow.flags & NF_FLOW_TEARDOWN) !== 0) flow_offload_del(flow_table, flow);
}

/** Directions that a collection looks at before it lets others run. */
const GC_SLICE = 512;

/**
 * Collects once a second.
 * PORT: the worker is preempted in C. Here it pauses now and then, goes on behind what is due meanwhile, and has its
 * second when it is through.
 * @kernel net/netfilter/nf_flow_table_core.c:383 (v5.10)
 */
function nf_flow_offload_work_gc(flow_table: nf_flowtable): void {
	const hti = flow_table.gc_iter ?? rhashtable_walk_enter(flow_table.rhashtable);
	const now = flow_table.net.machine.jiffies;
	const over = rhashtable_walk_some(hti, GC_SLICE, (tuplehash) => {
		if (tuplehash.tuple.dir !== FLOW_OFFLOAD_DIR_ORIGINAL) return;
		nf_flow_offload_gc_step(flow_table, tuplehash.flow, now);
	});
	flow_table.gc_iter = over ? null : hti;
	queue_delayed_work(flow_table.gc_work!, over ? HZ : 0);
}

/**
 * Corrects a TCP checksum for a changed port.
 * @param thoff transport header from the network header, bytes
 * @returns 0, or -1 when the header cannot be written
 * @kernel net/netfilter/nf_flow_table_core.c:393 (v5.10)
 */
function nf_flow_nat_port_tcp(
	skb: sk_buff,
	thoff: number,
	port: number,
	new_port: number,
): number {
	if (skb_try_make_writable(skb, thoff + TCPHDR_LEN) !== 0) return -1;
	const tcph = skb.network_header + thoff;
	inet_proto_csum_replace2(tcph + TCPHDR_check, skb, port, new_port, true);
	return 0;
}

/**
 * Corrects a UDP checksum for a changed port; one that is absent stays so.
 * @returns 0, or -1 when the header cannot be written
 * @kernel net/netfilter/nf_flow_table_core.c:407 (v5.10)
 */
function nf_flow_nat_port_udp(
	skb: sk_buff,
	thoff: number,
	port: number,
	new_port: number,
): number {
	if (skb_try_make_writable(skb, thoff + UDPHDR_LEN) !== 0) return -1;
	const check = skb.network_header + thoff + UDPHDR_check;
	if (skb.view.getUint16(check) !== 0 || skb.ip_summed === CHECKSUM_PARTIAL) {
		if (inet_proto_csum_replace2(check, skb, port, new_port, true) === 0)
			skb.view.setUint16(check, CSUM_MANGLED_0);
	}
	return 0;
}

/**
 * Corrects a transport checksum for a changed port.
 * @returns 0; NF_DROP on failure, which is 0 as well, so that no caller sees it (base quirk)
 * @kernel net/netfilter/nf_flow_table_core.c:426 (v5.10)
 */
function nf_flow_nat_port(
	skb: sk_buff,
	thoff: number,
	protocol: number,
	port: number,
	new_port: number,
): number {
	switch (protocol) {
		case IPPROTO_TCP:
			if (nf_flow_nat_port_tcp(skb, thoff, port, new_port) < 0) return NF_DROP;
			break;
		case IPPROTO_UDP:
			if (nf_flow_nat_port_udp(skb, thoff, port, new_port) < 0) return NF_DROP;
			break;
	}
	return 0;
}

/**
 * Rewrites the port that source NAT changes.
 * @param thoff transport header from the network header, bytes
 * @returns 0, or -1 when the header cannot be written
 * @kernel net/netfilter/nf_flow_table_core.c:443 (v5.10)
 */
export function nf_flow_snat_port(
	flow: flow_offload,
	skb: sk_buff,
	thoff: number,
	protocol: number,
	dir: flow_offload_tuple_dir,
): number {
	if (skb_try_make_writable(skb, thoff + FLOW_PORTS_LEN) !== 0) return -1;
	const hdr = skb.network_header + thoff;
	const original = dir === FLOW_OFFLOAD_DIR_ORIGINAL;
	const at = hdr + (original ? FLOW_PORTS_source : FLOW_PORTS_dest);
	const port = skb.view.getUint16(at);
	const new_port = original
		? flow.tuplehash_of(FLOW_OFFLOAD_DIR_REPLY).dst_port
		: flow.tuplehash_of(FLOW_OFFLOAD_DIR_ORIGINAL).src_port;
	skb.view.setUint16(at, new_port);
	return nf_flow_nat_port(skb, thoff, protocol, port, new_port);
}

/**
 * Rewrites the port that destination NAT changes.
 * @param thoff transport header from the network header, bytes
 * @returns 0, or -1 when the header cannot be written
 * @kernel net/netfilter/nf_flow_table_core.c:474 (v5.10)
 */
export function nf_flow_dnat_port(
	flow: flow_offload,
	skb: sk_buff,
	thoff: number,
	protocol: number,
	dir: flow_offload_tuple_dir,
): number {
	if (skb_try_make_writable(skb, thoff + FLOW_PORTS_LEN) !== 0) return -1;
	const hdr = skb.network_header + thoff;
	const original = dir === FLOW_OFFLOAD_DIR_ORIGINAL;
	const at = hdr + (original ? FLOW_PORTS_dest : FLOW_PORTS_source);
	const port = skb.view.getUint16(at);
	const new_port = original
		? flow.tuplehash_of(FLOW_OFFLOAD_DIR_REPLY).src_port
		: flow.tuplehash_of(FLOW_OFFLOAD_DIR_ORIGINAL).dst_port;
	skb.view.setUint16(at, new_port);
	return nf_flow_nat_port(skb, thoff, protocol, port, new_port);
}

/**
 * Brings a table to life: its collector starts.
 * @returns 0
 * @kernel net/netfilter/nf_flow_table_core.c:505 (v5.10)
 */
export function nf_flow_table_init(flowtable: nf_flowtable): number {
	const m = flowtable.net.machine;
	flowtable.gc_work = new delayed_work(m, () => {
		nf_flow_offload_work_gc(flowtable);
	});
	queue_delayed_work(flowtable.gc_work, HZ);
	flowtables.of(m).unshift(flowtable);
	return 0;
}

/**
 * Tears a flow down when it comes in by a device, or in any case when no device is given.
 * @kernel net/netfilter/nf_flow_table_core.c:529 (v5.10)
 */
function nf_flow_table_do_cleanup(flow: flow_offload, dev: net_device | null): void {
	if (dev === null) {
		flow_offload_teardown(flow);
		return;
	}
	if (
		nf_ct_net(flow.ct) === dev.nd_net &&
		(flow.tuplehash_of(0).tuple.iifidx === dev.ifindex ||
			flow.tuplehash_of(1).tuple.iifidx === dev.ifindex)
	)
		flow_offload_teardown(flow);
}

/**
 * Ends the flows of a device in one table at once.
 * @kernel net/netfilter/nf_flow_table_core.c:544 (v5.10)
 */
export function nf_flow_table_gc_cleanup(flowtable: nf_flowtable, dev: net_device | null): void {
	nf_flow_table_iterate(flowtable, (flow) => {
		nf_flow_table_do_cleanup(flow, dev);
	});
	/* PORT: a collection that pauses begins anew */
	flowtable.gc_iter = null;
	do flush_delayed_work(flowtable.gc_work!);
	while (flowtable.gc_iter !== null);
}

/**
 * Ends the flows of a device in all tables.
 * @kernel net/netfilter/nf_flow_table_core.c:552 (v5.10)
 */
export function nf_flow_table_cleanup(dev: net_device): void {
	for (const flowtable of flowtables.of(dev.machine)) nf_flow_table_gc_cleanup(flowtable, dev);
}

/**
 * Ends a table and all its flows.
 * @kernel net/netfilter/nf_flow_table_core.c:563 (v5.10)
 */
export function nf_flow_table_free(flow_table: nf_flowtable): void {
	const list = flowtables.of(flow_table.net.machine);
	const i = list.indexOf(flow_table);
	if (i >= 0) list.splice(i, 1);
	cancel_delayed_work_sync(flow_table.gc_work!);
	nf_flow_table_iterate(flow_table, (flow) => {
		nf_flow_table_do_cleanup(flow, null);
	});
	const now = flow_table.net.machine.jiffies;
	nf_flow_table_iterate(flow_table, (flow) => {
		nf_flow_offload_gc_step(flow_table, flow, now);
	});
	/* PORT: nf_flow_table_invalidate.ts */
	const inv = flow_table.invalidate;
	if (inv !== null) inv.ops.end(inv);
}
