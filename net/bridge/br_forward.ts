// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/bridge/br_forward.c, base v5.10: sending a frame out of one port or of many.
 *
 * Not ported: netpoll.
 */
import { ETH_ALEN, ETH_HLEN } from '../../include/uapi/linux/if_ether.ts';
import { ether_addr_copy, ether_addr_equal, is_broadcast_ether_addr } from '../../include/linux/etherdevice.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { sock } from '../../include/net/sock.ts';
import { netif_carrier_ok, type net_device } from '../../include/linux/netdevice.ts';
import { CHECKSUM_COMPLETE, CHECKSUM_NONE, CHECKSUM_PARTIAL, eth_type_vlan, type sk_buff, skb_headlen } from '../../include/linux/skbuff.ts';
import { get_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import { NFPROTO_BRIDGE } from '../../include/uapi/linux/netfilter.ts';
import { NF_BR_FORWARD, NF_BR_LOCAL_OUT, NF_BR_POST_ROUTING } from '../../include/uapi/linux/netfilter_bridge.ts';
import { BR_MCAST_DIR_TX, BR_STATE_FORWARDING } from '../../include/uapi/linux/if_bridge.ts';
import { dev_queue_xmit, is_skb_forwardable } from '../core/dev.ts';
import { kfree_skb, skb_clone, skb_copy, skb_push } from '../core/skbuff.ts';
import { NF_HOOK } from '../netfilter/core.ts';
import {
	BR_BCAST_FLOOD,
	BR_FLOOD,
	BR_HAIRPIN_MODE,
	BR_INPUT_SKB_CB,
	BR_MCAST_FLOOD,
	br_multicast_count,
	br_multicast_igmp_type,
	br_multicast_is_star_g,
	br_multicast_should_handle_mode,
	BR_MULTICAST_TO_UNICAST,
	BR_PKT_BROADCAST,
	BR_PKT_MULTICAST,
	BR_PKT_UNICAST,
	br_priv,
	br_skb_isolated,
	MCAST_INCLUDE,
	MDB_PG_FLAGS_BLOCKED,
	type net_bridge,
	type net_bridge_mdb_entry,
	type net_bridge_port,
	type net_bridge_port_group,
} from './br_private.ts';
import { br_allowed_egress, br_handle_vlan } from './br_vlan.ts';

/**
 * Tells whether a packet may leave by a port: not the one it came by, forwarding, in its VLAN, not isolated.
 * @kernel net/bridge/br_forward.c:21 (v5.10)
 */
function should_deliver(p: net_bridge_port, skb: sk_buff): boolean {
	return (
		((p.flags & BR_HAIRPIN_MODE) !== 0 || skb.dev !== p.dev) &&
		p.state === BR_STATE_FORWARDING &&
		br_allowed_egress(p.vlgrp, skb) &&
		!br_skb_isolated(p, skb)
	);
}

/**
 * Puts a frame on a port's device.
 * @returns 0
 * @kernel net/bridge/br_forward.c:33 (v5.10)
 */
export function br_dev_queue_push_xmit(_net: net, _sk: sock | null, skb: sk_buff): number {
	skb_push(skb, ETH_HLEN);
	drop: {
		if (!is_skb_forwardable(skb.dev!, skb)) break drop;
		if (skb.ip_summed === CHECKSUM_PARTIAL && eth_type_vlan(skb.protocol)) {
			/* Offloads look for the network header behind the tags. */
			let depth = ETH_HLEN;
			let type = skb.protocol;
			while (eth_type_vlan(type)) {
				if (skb_headlen(skb) < depth + 4) break drop;
				type = get_unaligned_be16(skb.head, skb.data + depth + 2);
				depth += 4;
			}
			skb.network_header = skb.data + depth;
		}
		dev_queue_xmit(skb);
		return 0;
	}
	kfree_skb(skb);
	return 0;
}

/**
 * Runs the postrouting hooks of the bridge.
 * @returns as NF_HOOK()
 * @kernel net/bridge/br_forward.c:62 (v5.10)
 */
export function br_forward_finish(net: net, sk: sock | null, skb: sk_buff): number {
	skb.tstamp = 0;
	return NF_HOOK(
		NFPROTO_BRIDGE,
		NF_BR_POST_ROUTING,
		net,
		sk,
		skb,
		null,
		skb.dev,
		br_dev_queue_push_xmit,
	);
}

/**
 * Sends a packet out of a port.
 * @param local_orig true for the bridge's own traffic
 * @kernel net/bridge/br_forward.c:72 (v5.10)
 */
function __br_forward(to: net_bridge_port, packet: sk_buff, local_orig: boolean): void {
	const skb = br_handle_vlan(to.br, to.vlgrp, packet);
	if (skb === null) return;
	let indev: net_device | null = skb.dev;
	skb.dev = to.dev;
	let br_hook: number;
	let net: net;
	if (!local_orig) {
		br_hook = NF_BR_FORWARD;
		if (skb.ip_summed === CHECKSUM_COMPLETE) skb.ip_summed = CHECKSUM_NONE;
		net = indev!.nd_net;
	} else {
		br_hook = NF_BR_LOCAL_OUT;
		net = skb.dev.nd_net;
		indev = null;
	}
	NF_HOOK(NFPROTO_BRIDGE, br_hook, net, null, skb, indev, skb.dev, br_forward_finish);
}

/**
 * Sends a copy out of a port.
 * @kernel net/bridge/br_forward.c:114 (v5.10)
 */
function deliver_clone(prev: net_bridge_port, skb: sk_buff, local_orig: boolean): void {
	__br_forward(prev, skb_clone(skb), local_orig);
}

/**
 * Sends a packet to the port of its station.
 * @param to null when the entry has no port
 * @param local_rcv the caller keeps the packet
 * @param local_orig true for the bridge's own traffic
 * @kernel net/bridge/br_forward.c:138 (v5.10)
 */
export function br_forward(
	to: net_bridge_port | null,
	skb: sk_buff,
	local_rcv: boolean,
	local_orig: boolean,
): void {
	if (to !== null) {
		if (to.backup_port !== null && !netif_carrier_ok(to.dev)) to = to.backup_port;
		if (should_deliver(to, skb)) {
			if (local_rcv) deliver_clone(to, skb, local_orig);
			else __br_forward(to, skb, local_orig);
			return;
		}
	}
	if (!local_rcv) kfree_skb(skb);
}

/**
 * Sends a copy to the port before, and remembers this one.
 * @returns the port that waits
 * @kernel net/bridge/br_forward.c:168 (v5.10)
 */
function maybe_deliver(
	prev: net_bridge_port | null,
	p: net_bridge_port,
	skb: sk_buff,
	local_orig: boolean,
): net_bridge_port | null {
	if (!should_deliver(p, skb)) return prev;
	const igmp_type = br_multicast_igmp_type(skb);
	if (prev !== null) deliver_clone(prev, skb, local_orig);
	br_multicast_count(p.br, p, skb, igmp_type, BR_MCAST_DIR_TX);
	return p;
}

/**
 * Sends a packet to all ports that may get it.
 * @param pkt_type BR_PKT_*
 * @param local_rcv the caller keeps the packet
 * @param local_orig true for the bridge's own traffic
 * @kernel net/bridge/br_forward.c:191 (v5.10)
 */
export function br_flood(
	br: net_bridge,
	skb: sk_buff,
	pkt_type: number,
	local_rcv: boolean,
	local_orig: boolean,
): void {
	let prev: net_bridge_port | null = null;
	for (const p of br.port_list) {
		switch (pkt_type) {
			case BR_PKT_UNICAST:
				if ((p.flags & BR_FLOOD) === 0) continue;
				break;
			case BR_PKT_MULTICAST:
				if ((p.flags & BR_MCAST_FLOOD) === 0 && skb.dev !== br.dev) continue;
				break;
			case BR_PKT_BROADCAST:
				if ((p.flags & BR_BCAST_FLOOD) === 0 && skb.dev !== br.dev) continue;
				break;
		}
		prev = maybe_deliver(prev, p, skb, local_orig);
	}
	if (prev === null) {
		if (!local_rcv) kfree_skb(skb);
		return;
	}
	if (local_rcv) deliver_clone(prev, skb, local_orig);
	else __br_forward(prev, skb, local_orig);
}

/**
 * Sends a copy to one station behind a port, or to the group when the station is not known.
 * @param addr station's address, or the broadcast address
 * @kernel net/bridge/br_forward.c:243 (v5.10)
 */
function maybe_deliver_addr(
	p: net_bridge_port,
	skb: sk_buff,
	addr: Uint8Array,
	local_orig: boolean,
): void {
	if (!should_deliver(p, skb)) return;

	/* not back to the sender, even where frames go back by their port */
	if (skb.dev === p.dev && ether_addr_equal(skb.head, skb.mac_header + ETH_ALEN, addr, 0)) return;

	const copy = skb_copy(skb);
	if (!is_broadcast_ether_addr(addr)) ether_addr_copy(copy.head, copy.mac_header, addr, 0);
	__br_forward(p, copy, local_orig);
}

/**
 * Sends a packet to the ports of a group and to those with routers.
 * @param mdst null for routers only
 * @param local_rcv the caller keeps the packet
 * @param local_orig true for the bridge's own traffic
 * @kernel net/bridge/br_forward.c:269 (v5.10)
 */
export function br_multicast_flood(
	mdst: net_bridge_mdb_entry | null,
	skb: sk_buff,
	local_rcv: boolean,
	local_orig: boolean,
): void {
	const br = br_priv(BR_INPUT_SKB_CB(skb).brdev!);
	let prev: net_bridge_port | null = null;
	let p: net_bridge_port_group | null = null;
	let allow_mode_include = true;
	let rp = br.router_list.first;
	if (mdst !== null) {
		p = mdst.ports;
		if (
			br_multicast_should_handle_mode(br, mdst.addr.proto) &&
			br_multicast_is_star_g(mdst.addr)
		)
			allow_mode_include = false;
	}

	/* both lists are in the same order, and a port may be on both */
	while (p !== null || rp !== null) {
		const lport = p !== null ? p.port.order : 0;
		const rport = rp !== null ? rp.item.order : 0;
		const port = Math.max(lport, rport);

		delivered: {
			if (lport > rport && p !== null) {
				if ((p.port.flags & BR_MULTICAST_TO_UNICAST) !== 0) {
					maybe_deliver_addr(p.port, skb, p.eth_addr, local_orig);
					break delivered;
				}
				if (
					(!allow_mode_include && p.filter_mode === MCAST_INCLUDE) ||
					(p.flags & MDB_PG_FLAGS_BLOCKED) !== 0
				)
					break delivered;
				prev = maybe_deliver(prev, p.port, skb, local_orig);
			} else if (rp !== null) {
				prev = maybe_deliver(prev, rp.item, skb, local_orig);
			}
		}
		if (p !== null && lport >= port) p = p.next;
		if (rp !== null && rport >= port) rp = rp.next;
	}

	if (prev === null) {
		if (!local_rcv) kfree_skb(skb);
		return;
	}
	if (local_rcv) deliver_clone(prev, skb, local_orig);
	else __br_forward(prev, skb, local_orig);
}
