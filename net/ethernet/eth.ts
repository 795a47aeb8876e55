// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ethernet/eth.c, base v5.10: the Ethernet link header.
 *
 * Not ported: GRO, 802.3 with LLC delivery beyond its protocol number, DSA, flow dissection of headlen,
 * addresses from firmware.
 */
import { ETH_DATA_LEN, ETH_HLEN, ETH_ALEN, ETH_MIN_MTU, ETH_P_802_2, ETH_P_802_3, ETH_P_802_3_MIN } from '../../include/uapi/linux/if_ether.ts';
import { ARPHRD_ETHER, IFF_BROADCAST, IFF_MULTICAST, IFF_NOARP, IFF_LOOPBACK } from '../../include/uapi/linux/if.ts';
import {
	IFF_LIVE_ADDR_CHANGE,
	IFF_TX_SKB_SHARING,
	netif_running,
	type hh_cache,
	type header_ops,
	type net_device,
} from '../../include/linux/netdevice.ts';
import {
	ether_addr_copy,
	ether_addr_equal_64bits,
	ether_addr_put,
	is_multicast_ether_addr,
	is_valid_ether_addr,
} from '../../include/linux/etherdevice.ts';
import {
	PACKET_BROADCAST,
	PACKET_MULTICAST,
	PACKET_OTHERHOST,
	type sk_buff,
	skb_reset_mac_header,
} from '../../include/linux/skbuff.ts';
import { get_unaligned_be16, put_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import type { neighbour } from '../../include/net/neighbour.ts';
import type { __be16 } from '../../include/linux/types.ts';
import { EADDRNOTAVAIL, EBUSY } from '../../include/uapi/linux/errno.ts';
import { __skb_pull, skb_push } from '../core/skbuff.ts';

/**
 * Pushes an Ethernet header.
 * @param type ethertype; a length below 1536 is written for ETH_P_802_3 and ETH_P_802_2
 * @param daddr destination, null when not known
 * @param saddr source, null for the device's own
 * @returns 14, or -14 when the destination is missing
 * @kernel net/ethernet/eth.c:79 (v5.10)
 */
export function eth_header(
	skb: sk_buff,
	dev: net_device,
	type: __be16,
	daddr: Uint8Array | null,
	saddr: Uint8Array | null,
	len: number,
): number {
	const eth = skb_push(skb, ETH_HLEN);
	const { view } = skb;
	const h_proto = type !== ETH_P_802_3 && type !== ETH_P_802_2 ? type : len;
	view.setUint16(eth + 12, h_proto);
	ether_addr_put(view, eth + ETH_ALEN, saddr ?? dev.dev_addr);
	if (daddr !== null) {
		ether_addr_put(view, eth, daddr);
		return ETH_HLEN;
	}
	if ((dev.flags & (IFF_LOOPBACK | IFF_NOARP)) !== 0) {
		skb.head.fill(0, eth, eth + ETH_ALEN);
		return ETH_HLEN;
	}
	return -ETH_HLEN;
}

/**
 * Strips the Ethernet header of a received frame and tells its protocol; sets pkt_type.
 * @returns ethertype, ETH_P_802_3 or ETH_P_802_2
 * @kernel net/ethernet/eth.c:155 (v5.10)
 */
export function eth_type_trans(skb: sk_buff, dev: net_device): __be16 {
	skb.dev = dev;
	skb_reset_mac_header(skb);
	const eth = skb.data;
	const { view } = skb;
	/* A frame shorter than its header stays as it is; the protocols find it too short. */
	if (skb.len >= ETH_HLEN) __skb_pull(skb, ETH_HLEN);
	if (!ether_addr_equal_64bits(view, eth, dev.dev_addr_view)) {
		if (is_multicast_ether_addr(skb.head, eth)) {
			skb.pkt_type = ether_addr_equal_64bits(view, eth, dev.broadcast_view)
				? PACKET_BROADCAST
				: PACKET_MULTICAST;
		} else {
			skb.pkt_type = PACKET_OTHERHOST;
		}
	}
	const proto = view.getUint16(eth + 12) as __be16;
	if (proto >= ETH_P_802_3_MIN) return proto;
	if (skb.len >= 2 && view.getUint16(skb.data) === 0xffff) return ETH_P_802_3;
	return ETH_P_802_2;
}

/**
 * Copies the source address out of a frame.
 * @returns 6
 * @kernel net/ethernet/eth.c:217 (v5.10)
 */
export function eth_header_parse(skb: sk_buff, haddr: Uint8Array): number {
	ether_addr_copy(haddr, 0, skb.head, skb.mac_header + ETH_ALEN);
	return ETH_ALEN;
}

/**
 * Fills a neighbour's cached header.
 * @returns 0, or -1 for 802.3
 * @kernel net/ethernet/eth.c:233 (v5.10)
 */
export function eth_header_cache(neigh: neighbour, hh: hh_cache, type: __be16): number {
	if (type === ETH_P_802_3) return -1;
	/* The header ends on a 16-byte boundary. */
	ether_addr_copy(hh.hh_data, 2, neigh.ha, 0);
	ether_addr_copy(hh.hh_data, 8, neigh.dev.dev_addr, 0);
	put_unaligned_be16(type, hh.hh_data, 14);
	hh.hh_len = ETH_HLEN;
	return 0;
}

/**
 * Puts a new destination into a cached header.
 * @kernel net/ethernet/eth.c:265 (v5.10)
 */
export function eth_header_cache_update(hh: hh_cache, _dev: net_device, haddr: Uint8Array): void {
	ether_addr_copy(hh.hh_data, 2, haddr, 0);
}

/**
 * Ethertype in a frame's header.
 * @kernel net/ethernet/eth.c:278 (v5.10)
 */
export function eth_header_parse_protocol(skb: sk_buff): __be16 {
	return get_unaligned_be16(skb.head, skb.mac_header + 12);
}

/**
 * Checks an address that is about to be set.
 * @returns 0, -EBUSY while the device runs and cannot change live, -EADDRNOTAVAIL
 * @kernel net/ethernet/eth.c:291 (v5.10)
 */
export function eth_prepare_mac_addr_change(dev: net_device, addr: Uint8Array): number {
	if ((dev.priv_flags & IFF_LIVE_ADDR_CHANGE) === 0 && netif_running(dev)) return -EBUSY;
	if (!is_valid_ether_addr(addr)) return -EADDRNOTAVAIL;
	return 0;
}

/**
 * Sets a device's address.
 * @kernel net/ethernet/eth.c:308 (v5.10)
 */
export function eth_commit_mac_addr_change(dev: net_device, addr: Uint8Array): void {
	ether_addr_copy(dev.dev_addr, 0, addr, 0);
}

/**
 * Sets a device's address after checking it.
 * @returns 0 or a negative errno
 * @kernel net/ethernet/eth.c:326 (v5.10)
 */
export function eth_mac_addr(dev: net_device, addr: Uint8Array): number {
	const ret = eth_prepare_mac_addr_change(dev, addr);
	if (ret < 0) return ret;
	eth_commit_mac_addr_change(dev, addr);
	return 0;
}

/**
 * Checks a device's own address.
 * @returns 0 or -EADDRNOTAVAIL
 * @kernel net/ethernet/eth.c:338 (v5.10)
 */
export function eth_validate_addr(dev: net_device): number {
	return is_valid_ether_addr(dev.dev_addr) ? 0 : -EADDRNOTAVAIL;
}

/** How Ethernet devices make and read headers. */
export const eth_header_ops: header_ops = {
	create: eth_header,
	parse: eth_header_parse,
	cache: eth_header_cache,
	cache_update: eth_header_cache_update,
	parse_protocol: eth_header_parse_protocol,
};

/**
 * Fills what all Ethernet devices have in common.
 * @kernel net/ethernet/eth.c:361 (v5.10)
 */
export function ether_setup(dev: net_device): void {
	dev.header_ops = eth_header_ops;
	dev.type = ARPHRD_ETHER;
	dev.hard_header_len = ETH_HLEN;
	dev.min_header_len = ETH_HLEN;
	dev.mtu = ETH_DATA_LEN;
	dev.min_mtu = ETH_MIN_MTU;
	dev.max_mtu = ETH_DATA_LEN;
	dev.addr_len = ETH_ALEN;
	dev.tx_queue_len = 1000;
	dev.flags = IFF_BROADCAST | IFF_MULTICAST;
	dev.priv_flags |= IFF_TX_SKB_SHARING;
	dev.broadcast.fill(0xff);
}
