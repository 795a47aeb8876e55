// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/bridge/br_input.c, base v5.10: what happens to a frame that comes in by a port.
 *
 * Not ported: proxy ARP, MRP, VLAN tunnels, the broute verdict of
 * bridge netfilter.
 */
import { get_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import { is_broadcast_ether_addr, is_link_local_ether_addr, is_multicast_ether_addr, is_valid_ether_addr, ether_addr_equal_64bits } from '../../include/linux/etherdevice.ts';
import {
	NET_RX_DROP,
	type pskb,
	RX_HANDLER_CONSUMED,
	RX_HANDLER_PASS,
	type rx_handler_result_t,
} from '../../include/linux/netdevice.ts';
import { PACKET_HOST, PACKET_LOOPBACK, type sk_buff } from '../../include/linux/skbuff.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { sock } from '../../include/net/sock.ts';
import { IFF_PROMISC } from '../../include/uapi/linux/if.ts';
import {
	BR_MCAST_DIR_TX,
	BR_STATE_DISABLED,
	BR_STATE_FORWARDING,
	BR_STATE_LEARNING,
} from '../../include/uapi/linux/if_bridge.ts';
import { ETH_ALEN } from '../../include/uapi/linux/if_ether.ts';
import { NFPROTO_BRIDGE } from '../../include/uapi/linux/netfilter.ts';
import { NF_BR_LOCAL_IN, NF_BR_PRE_ROUTING } from '../../include/uapi/linux/netfilter_bridge.ts';
import { netif_receive_skb } from '../core/dev.ts';
import { kfree_skb, skb_share_check } from '../core/skbuff.ts';
import { nf_hook, NF_HOOK } from '../netfilter/core.ts';
import { br_fdb_update } from './br_fdb.ts';
import { br_flood, br_forward, br_multicast_flood } from './br_forward.ts';
import { br_mdb_get, br_multicast_rcv } from './br_multicast.ts';
import {
	BR_FDB_LOCAL,
	BR_INPUT_SKB_CB,
	BR_ISOLATED,
	BR_LEARNING,
	br_multicast_count,
	br_multicast_igmp_type,
	br_multicast_is_router,
	br_multicast_querier_exists,
	BR_PKT_BROADCAST,
	BR_PKT_MULTICAST,
	BR_PKT_UNICAST,
	br_port_get_rcu,
	br_priv,
	fdb_find_rcu,
	type net_bridge_fdb_entry,
	type net_bridge_mdb_entry,
} from './br_private.ts';
import { br_allowed_egress, br_allowed_ingress, br_handle_vlan, br_ingress, br_should_learn } from './br_vlan.ts';

/* Scratch of the ingress check, read before anything nests. */
const ingress = new br_ingress();

/**
 * Receives a packet again, on the bridge device.
 * @kernel net/bridge/br_input.c:27 (v5.10)
 */
function br_netif_receive_skb(_net: net, _sk: sock | null, skb: sk_buff): number {
	return netif_receive_skb(skb);
}

/**
 * Hands a packet to the bridge device itself.
 * @kernel net/bridge/br_input.c:33 (v5.10)
 */
function br_pass_frame_up(packet: sk_buff): number {
	const brdev = BR_INPUT_SKB_CB(packet).brdev!;
	const br = br_priv(brdev);
	br.rx_packets++;
	br.rx_bytes += packet.len;
	if ((brdev.flags & IFF_PROMISC) === 0 && !br_allowed_egress(br.vlgrp, packet)) {
		kfree_skb(packet);
		return NET_RX_DROP;
	}
	const indev = packet.dev!;
	packet.dev = brdev;
	const skb = br_handle_vlan(br, br.vlgrp, packet);
	if (skb === null) return NET_RX_DROP;
	br_multicast_count(br, null, skb, br_multicast_igmp_type(skb), BR_MCAST_DIR_TX);
	return NF_HOOK(
		NFPROTO_BRIDGE,
		NF_BR_LOCAL_IN,
		indev.nd_net,
		null,
		skb,
		indev,
		null,
		br_netif_receive_skb,
	);
}

/**
 * Learns from a frame and sends it on: up, to its station's port, or to all.
 * @returns 0 or NET_RX_DROP
 * @kernel net/bridge/br_input.c:71 (v5.10)
 */
export function br_handle_frame_finish(_net: net, _sk: sock | null, packet: sk_buff): number {
	const p = br_port_get_rcu(packet.dev!);
	if (p === null || p.state === BR_STATE_DISABLED) {
		kfree_skb(packet);
		return 0;
	}
	const { br } = p;
	ingress.vid = 0;
	ingress.state = p.state;
	const skb = br_allowed_ingress(br, p.vlgrp, packet, ingress);
	if (skb === null) return 0;
	const { vid, state } = ingress;
	const h = skb.head;
	const eth = skb.mac_header;
	if ((p.flags & BR_LEARNING) !== 0) br_fdb_update(br, p, skb.view, eth + 6, vid, 0);

	let local_rcv = (br.dev.flags & IFF_PROMISC) !== 0;
	let pkt_type = BR_PKT_UNICAST;
	if (is_multicast_ether_addr(h, eth)) {
		if (is_broadcast_ether_addr(h, eth)) {
			pkt_type = BR_PKT_BROADCAST;
			local_rcv = true;
		} else {
			pkt_type = BR_PKT_MULTICAST;
			if (br_multicast_rcv(br, p, skb, vid) !== 0) {
				kfree_skb(skb);
				return 0;
			}
		}
	}
	if (state === BR_STATE_LEARNING) {
		kfree_skb(skb);
		return 0;
	}
	const cb = BR_INPUT_SKB_CB(skb);
	cb.brdev = br.dev;
	cb.src_port_isolated = (p.flags & BR_ISOLATED) !== 0;

	let dst: net_bridge_fdb_entry | null = null;
	let mdst: net_bridge_mdb_entry | null = null;
	let mcast_hit = false;
	switch (pkt_type) {
		case BR_PKT_MULTICAST:
			mdst = br_mdb_get(br, skb, vid);
			if (
				(mdst !== null || cb.mrouters_only) &&
				br_multicast_querier_exists(
					br,
					get_unaligned_be16(skb.head, skb.mac_header + 2 * ETH_ALEN),
				)
			) {
				if ((mdst !== null && mdst.host_joined) || br_multicast_is_router(br)) {
					local_rcv = true;
					br.dev.stats.multicast++;
				}
				mcast_hit = true;
			} else {
				local_rcv = true;
				br.dev.stats.multicast++;
			}
			break;
		case BR_PKT_UNICAST:
			dst = fdb_find_rcu(br, skb.view, eth, vid);
			break;
	}
	if (dst !== null) {
		if ((dst.flags & BR_FDB_LOCAL) !== 0) return br_pass_frame_up(skb);
		dst.used = br.machine.jiffies;
		br_forward(dst.dst, skb, local_rcv, false);
	} else {
		if (!mcast_hit) br_flood(br, skb, pkt_type, local_rcv, false);
		else br_multicast_flood(mdst, skb, local_rcv, false);
	}
	if (local_rcv) return br_pass_frame_up(skb);
	return 0;
}

/**
 * Learns from a link-local frame, which is not forwarded.
 * @kernel net/bridge/br_input.c:182 (v5.10)
 */
function __br_handle_local_finish(skb: sk_buff): void {
	const p = br_port_get_rcu(skb.dev!)!;
	if (
		(p.flags & BR_LEARNING) === 0 ||
		(p.state !== BR_STATE_LEARNING && p.state !== BR_STATE_FORWARDING) ||
		p.br.no_ll_learn
	)
		return;
	const vid = br_should_learn(p, skb);
	if (vid >= 0) br_fdb_update(p.br, p, skb.view, skb.mac_header + 6, vid, 0);
}

/**
 * Ends the local-in hooks for a link-local frame.
 * @returns 1: the packet is still the caller's
 * @kernel net/bridge/br_input.c:196 (v5.10)
 */
function br_handle_local_finish(_net: net, _sk: sock | null, skb: sk_buff): number {
	__br_handle_local_finish(skb);
	return 1;
}

/**
 * Runs the prerouting hooks of the bridge.
 * @returns RX_HANDLER_CONSUMED
 * @kernel net/bridge/br_input.c:204 (v5.10)
 */
function nf_hook_bridge_pre(skb: sk_buff): rx_handler_result_t {
	const dev = skb.dev!;
	if (
		nf_hook(
			NFPROTO_BRIDGE,
			NF_BR_PRE_ROUTING,
			dev.nd_net,
			null,
			skb,
			dev,
			null,
			br_handle_frame_finish,
		) === 1
	)
		br_handle_frame_finish(dev.nd_net, null, skb);
	return RX_HANDLER_CONSUMED;
}

/**
 * Takes a frame off a port's device.
 * @param pskb holds the frame
 * @returns RX_HANDLER_CONSUMED, or RX_HANDLER_PASS for frames that the device itself shall see
 * @kernel net/bridge/br_input.c:261 (v5.10)
 */
export function br_handle_frame(pskb: pskb): rx_handler_result_t {
	let skb = pskb.skb!;
	if (skb.pkt_type === PACKET_LOOPBACK) return RX_HANDLER_PASS;
	drop: {
		if (!is_valid_ether_addr(skb.head, skb.mac_header + 6)) break drop;
		skb = pskb.skb = skb_share_check(skb);
		BR_INPUT_SKB_CB(skb).clear();
		const p = br_port_get_rcu(skb.dev!)!;
		const { br } = p;
		const dest = skb.mac_header;
		forward: {
			if (!is_link_local_ether_addr(skb.head, dest)) break forward;
			let fwd_mask = br.group_fwd_mask_required | p.group_fwd_mask;
			const last = skb.head[dest + 5];
			switch (last) {
				case 0x00:
					/* No spanning tree runs here, so loop detection of others passes. */
					break forward;
				case 0x01:
					break drop;
				case 0x0e:
					fwd_mask |= br.group_fwd_mask;
					if ((fwd_mask & (1 << last)) !== 0) break forward;
					__br_handle_local_finish(skb);
					return RX_HANDLER_PASS;
				default:
					fwd_mask |= br.group_fwd_mask;
					if ((fwd_mask & (1 << last)) !== 0) break forward;
			}
			const dev = skb.dev!;
			return NF_HOOK(
				NFPROTO_BRIDGE,
				NF_BR_LOCAL_IN,
				dev.nd_net,
				null,
				skb,
				dev,
				null,
				br_handle_local_finish,
			) === 1
				? RX_HANDLER_PASS
				: RX_HANDLER_CONSUMED;
		}
		if (p.state !== BR_STATE_FORWARDING && p.state !== BR_STATE_LEARNING) break drop;
		if (ether_addr_equal_64bits(skb.view, dest, br.dev.dev_addr_view)) skb.pkt_type = PACKET_HOST;
		return nf_hook_bridge_pre(skb);
	}
	kfree_skb(skb);
	return RX_HANDLER_CONSUMED;
}
