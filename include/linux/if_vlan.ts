/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/linux/if_vlan.h, base v5.10: VLAN constants, the private part of a VLAN device, small helpers.
 *
 * Helpers on packets stand where packets are: include/linux/skbuff.ts and net/core/skbuff.ts.
 */
import { netdev_priv, type net_device } from './netdevice.ts';
import type { sk_buff } from './skbuff.ts';
import type { __be16, u16 } from './types.ts';

export const VLAN_HLEN = 4;
export const VLAN_ETH_HLEN = 18;
export const VLAN_ETH_ZLEN = 64;
export const VLAN_PRIO_MASK = 0xe000;
export const VLAN_PRIO_SHIFT = 13;
export const VLAN_CFI_MASK = 0x1000;
export const VLAN_VID_MASK = 0x0fff;
export const VLAN_N_VID = 4096;

/* include/uapi/linux/if_vlan.h */
export const VLAN_FLAG_REORDER_HDR = 0x1;
export const VLAN_FLAG_GVRP = 0x2;
export const VLAN_FLAG_LOOSE_BINDING = 0x4;
export const VLAN_FLAG_MVRP = 0x8;
export const VLAN_FLAG_BRIDGE_BINDING = 0x10;

/** Private part of a VLAN device. */
export class vlan_dev_priv {
	nr_ingress_mappings = 0;
	/** skb->priority for each of the eight priorities in a tag. */
	readonly ingress_priority_map = new Uint32Array(8);
	nr_egress_mappings = 0;
	/** skb->priority to the priority bits of the tag, already shifted. */
	readonly egress_priority_map = new Map<number, u16>();
	/** Ethertype of the tag, network order. */
	vlan_proto: __be16;
	vlan_id: u16 = 0;
	/** VLAN_FLAG_* */
	flags: u16 = 0;
	real_dev: net_device;
	real_dev_addr: Uint8Array = new Uint8Array(6);
	/* vlan_pcpu_stats */
	rx_packets = 0;
	rx_bytes = 0;
	rx_multicast = 0;
	tx_packets = 0;
	tx_bytes = 0;
	rx_errors = 0;
	tx_dropped = 0;

	constructor(real_dev: net_device, vlan_proto: __be16) {
		this.real_dev = real_dev;
		this.vlan_proto = vlan_proto;
	}
}

/**
 * Private part of a VLAN device.
 * @kernel PORT: vlan_dev_priv, under a name that the class does not have
 */
export function vlan_dev_priv_of(dev: net_device): vlan_dev_priv {
	return netdev_priv<vlan_dev_priv>(dev);
}

/**
 * The 16 bits of the tag beside a packet.
 * @kernel include/linux/if_vlan.h:78 (v5.10)
 */
export function skb_vlan_tag_get(skb: sk_buff): u16 {
	return skb.vlan_tci;
}

/**
 * VLAN id in the tag beside a packet.
 * @kernel include/linux/if_vlan.h:79 (v5.10)
 */
export function skb_vlan_tag_get_id(skb: sk_buff): u16 {
	return skb.vlan_tci & VLAN_VID_MASK;
}

/**
 * Priority in the tag beside a packet.
 * @kernel include/linux/if_vlan.h:81 (v5.10)
 */
export function skb_vlan_tag_get_prio(skb: sk_buff): number {
	return (skb.vlan_tci & VLAN_PRIO_MASK) >> VLAN_PRIO_SHIFT;
}

/**
 * Tag bits that the device's egress map gives a packet of a priority.
 * @param skprio skb->priority
 * @returns shifted priority bits, 0 when not mapped
 * @kernel include/linux/if_vlan.h:195 (v5.10)
 */
export function vlan_dev_get_egress_qos_mask(dev: net_device, skprio: number): u16 {
	return vlan_dev_priv_of(dev).egress_priority_map.get(skprio) ?? 0;
}
