// SPDX-License-Identifier: GPL-2.0
/*
 * net/8021q/vlan_core.c, base v5.10: the receive side, built into the kernel.
 *
 * vlan_vid_add() and vlan_vid_del() stand in vlan.ts, beside the structures they change.
 * Not ported: hardware filters, GRO.
 */
import type { Machine } from '../../include/linux/machine.ts';
import { is_vlan_dev, netif_is_bridge_port, type net_device, type pskb } from '../../include/linux/netdevice.ts';
import {
	skb_vlan_tag_get_id,
	VLAN_FLAG_REORDER_HDR,
	VLAN_HLEN,
	VLAN_PRIO_SHIFT,
	vlan_dev_priv_of,
} from '../../include/linux/if_vlan.ts';
import { ether_addr_equal } from '../../include/linux/etherdevice.ts';
import {
	__vlan_hwaccel_clear_tag,
	PACKET_HOST,
	PACKET_MULTICAST,
	PACKET_OTHERHOST,
	skb_reset_mac_len,
} from '../../include/linux/skbuff.ts';
import type { __be16, u16 } from '../../include/linux/types.ts';
import { IFF_UP } from '../../include/uapi/linux/if.ts';
import { dev_state, netdev_master_upper_dev_get_rcu } from '../core/dev.ts';
import { __vlan_insert_inner_tag, kfree_skb, skb_pull, skb_push, skb_share_check } from '../core/skbuff.ts';
import { vlan_find_dev, vlan_group_get_device } from './vlan.ts';

/**
 * Hands a packet with a tag beside it to the VLAN device of that tag.
 * @param skbp holds the packet; null afterwards when it was freed
 * @returns true when the packet now belongs to the VLAN device
 * @kernel net/8021q/vlan_core.c:9 (v5.10)
 */
export function vlan_do_receive(skbp: pskb): boolean {
	let skb = skbp.skb!;
	const vlan_dev = vlan_find_dev(skb.dev!, skb.vlan_proto, skb_vlan_tag_get_id(skb));
	if (vlan_dev === null) return false;
	skb = skbp.skb = skb_share_check(skb);
	if ((vlan_dev.flags & IFF_UP) === 0) {
		kfree_skb(skb);
		skbp.skb = null;
		return false;
	}
	skb.dev = vlan_dev;
	const vlan = vlan_dev_priv_of(vlan_dev);
	if (
		skb.pkt_type === PACKET_OTHERHOST &&
		ether_addr_equal(skb.head, skb.mac_header, vlan_dev.dev_addr, 0)
	)
		skb.pkt_type = PACKET_HOST;
	if ((vlan.flags & VLAN_FLAG_REORDER_HDR) === 0 && !netif_is_bridge_port(vlan_dev)) {
		const offset = skb.data - skb.mac_header;
		skb_push(skb, offset);
		if (__vlan_insert_inner_tag(skb, skb.vlan_proto, skb.vlan_tci, skb.mac_len) !== 0) {
			kfree_skb(skb);
			skbp.skb = null;
			return false;
		}
		skb_pull(skb, offset + VLAN_HLEN);
		skb_reset_mac_len(skb);
	}
	skb.priority = vlan.ingress_priority_map[(skb.vlan_tci >> VLAN_PRIO_SHIFT) & 7];
	__vlan_hwaccel_clear_tag(skb);
	vlan.rx_packets++;
	vlan.rx_bytes += skb.len;
	if (skb.pkt_type === PACKET_MULTICAST) vlan.rx_multicast++;
	return true;
}

/**
 * VLAN device of a tag on a device or on its master.
 * @kernel net/8021q/vlan_core.c:75 (v5.10)
 */
export function __vlan_find_dev_deep_rcu(
	dev: net_device,
	vlan_proto: __be16,
	vlan_id: u16,
): net_device | null {
	if (dev.vlan_info !== null)
		return vlan_group_get_device(dev.vlan_info.grp, vlan_proto, vlan_id);
	const upper_dev = netdev_master_upper_dev_get_rcu(dev);
	return upper_dev === null ? null : __vlan_find_dev_deep_rcu(upper_dev, vlan_proto, vlan_id);
}

/**
 * Device at the bottom of a stack of VLAN devices.
 * @kernel net/8021q/vlan_core.c:101 (v5.10)
 */
export function vlan_dev_real_dev(dev: net_device): net_device {
	let ret = vlan_dev_priv_of(dev).real_dev;
	while (is_vlan_dev(ret)) ret = vlan_dev_priv_of(ret).real_dev;
	return ret;
}

/**
 * Id of a VLAN device.
 * @kernel net/8021q/vlan_core.c:112 (v5.10)
 */
export function vlan_dev_vlan_id(dev: net_device): u16 {
	return vlan_dev_priv_of(dev).vlan_id;
}

/**
 * Tag ethertype of a VLAN device, network order.
 * @kernel net/8021q/vlan_core.c:118 (v5.10)
 */
export function vlan_dev_vlan_proto(dev: net_device): __be16 {
	return vlan_dev_priv_of(dev).vlan_proto;
}

/**
 * Puts the receive side in place.
 * @returns 0
 * @kernel PORT: net/core/dev.c calls vlan_do_receive() by name; net/core leans on nothing above it here
 */
export function vlan_core_init(m: Machine): number {
	dev_state.of(m).vlan_do_receive = vlan_do_receive;
	return 0;
}
