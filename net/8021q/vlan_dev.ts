// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/8021q/vlan_dev.c, base v5.10 + patch 4/9: the VLAN device.
 *
 * vlan_dev_inherit_address() stands in vlan.ts, which needs it; the C has a header between the two files.
 * PORT: vlan_dev_get_realdev_name() returns the name.
 * Not ported: netpoll (vlan_netpoll_send_skb, vlan_dev_poll_controller, vlan_dev_netpoll_setup,
 * vlan_dev_netpoll_cleanup), FCoE (vlan_dev_fcoe_*), lockdep classes, ioctl, hardware time stamps
 * (vlan_ethtool_get_ts_info), GVRP and MVRP: nothing of this world uses them.
 */
import {
	__ethtool_get_link_ksettings,
	type ethtool_drvinfo,
	type ethtool_link_ksettings,
	ethtool_op_get_link,
	type ethtool_ops,
} from '../../include/linux/ethtool.ts';
import {
	__LINK_STATE_DORMANT,
	__LINK_STATE_NOCARRIER,
	__LINK_STATE_PRESENT,
	DEV_PATH_VLAN,
	dev_hard_header,
	type header_ops,
	IFF_802_1Q_VLAN,
	IFF_NO_QUEUE,
	IFF_TX_SKB_SHARING,
	IFF_UNICAST_FLT,
	NET_ADDR_STOLEN,
	NET_XMIT_CN,
	NET_XMIT_SUCCESS,
	type net_device,
	type net_device_ops,
	type net_device_path,
	type net_device_path_ctx,
	netif_carrier_ok,
	type rtnl_link_stats64,
} from '../../include/linux/netdevice.ts';
import {
	NETIF_F_FRAGLIST,
	NETIF_F_GSO_SOFTWARE,
	NETIF_F_HIGHDMA,
	NETIF_F_HW_CSUM,
	NETIF_F_IP_CSUM,
	NETIF_F_IPV6_CSUM,
	NETIF_F_LLTX,
	NETIF_F_RXCSUM,
	NETIF_F_SG,
	NETIF_F_SOFT_FEATURES,
} from '../../include/linux/netdev_features.ts';
import {
	VLAN_FLAG_BRIDGE_BINDING,
	VLAN_FLAG_GVRP,
	VLAN_FLAG_LOOSE_BINDING,
	VLAN_FLAG_MVRP,
	VLAN_FLAG_REORDER_HDR,
	VLAN_HLEN,
	VLAN_PRIO_MASK,
	VLAN_PRIO_SHIFT,
	vlan_dev_get_egress_qos_mask,
	vlan_dev_priv_of,
} from '../../include/linux/if_vlan.ts';
import { ether_addr_copy, ether_addr_equal, is_valid_ether_addr, is_zero_ether_addr } from '../../include/linux/etherdevice.ts';
import { __vlan_hwaccel_put_tag, type sk_buff } from '../../include/linux/skbuff.ts';
import { get_unaligned_be16, put_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import type { __be16, u16, u32 } from '../../include/linux/types.ts';
import { ETH_MAX_MTU, ETH_P_802_2, ETH_P_802_3 } from '../../include/uapi/linux/if_ether.ts';
import { IFF_ALLMULTI, IFF_MASTER, IFF_PROMISC, IFF_SLAVE, IFF_UP } from '../../include/uapi/linux/if.ts';
import { EADDRNOTAVAIL, EINVAL, ENETDOWN, ERANGE } from '../../include/uapi/linux/errno.ts';
import { dev_mc_sync, dev_mc_unsync, dev_uc_add, dev_uc_del, dev_uc_sync, dev_uc_unsync } from '../core/dev_addr_lists.ts';
import {
	dev_queue_xmit,
	dev_set_allmulti,
	dev_set_promiscuity,
	netdev_intersect_features,
	netif_keep_dst,
	vlan_hw_offload_capable,
} from '../core/dev.ts';
import { skb_push } from '../core/skbuff.ts';
import { eth_header_parse, eth_validate_addr, ether_setup } from '../ethernet/eth.ts';
import { netif_carrier_off, netif_carrier_on } from '../sched/sch_generic.ts';
import { vlan_dev_inherit_address } from './vlan.ts';

/**
 * Pushes the link header. With VLAN_FLAG_REORDER_HDR the tag follows later, beside the packet; without it
 * the four bytes are written here.
 * @param type ethertype of the payload
 * @returns header bytes, negative when the destination is missing
 * @kernel net/8021q/vlan_dev.c:44 (v5.10)
 */
function vlan_dev_hard_header(
	skb: sk_buff,
	dev: net_device,
	type: __be16,
	daddr: Uint8Array | null,
	saddr: Uint8Array | null,
	len: number,
): number {
	const vlan = vlan_dev_priv_of(dev);
	let vhdrlen = 0;
	if ((vlan.flags & VLAN_FLAG_REORDER_HDR) === 0) {
		const vhdr = skb_push(skb, VLAN_HLEN);
		const vlan_tci = vlan.vlan_id | vlan_dev_get_egress_qos_mask(dev, skb.priority);
		put_unaligned_be16(vlan_tci, skb.head, vhdr);
		put_unaligned_be16(
			type !== ETH_P_802_3 && type !== ETH_P_802_2 ? type : len,
			skb.head,
			vhdr + 2,
		);
		skb.protocol = vlan.vlan_proto;
		type = vlan.vlan_proto;
		vhdrlen = VLAN_HLEN;
	}
	const rc = dev_hard_header(skb, vlan.real_dev, type, daddr, saddr ?? dev.dev_addr, len + vhdrlen);
	return rc > 0 ? rc + vhdrlen : rc;
}

/**
 * Puts the tag beside the packet and sends it by the real device.
 * @returns code of dev_queue_xmit()
 * @kernel net/8021q/vlan_dev.c:98 (v5.10)
 */
function vlan_dev_hard_start_xmit(skb: sk_buff, dev: net_device): number {
	const vlan = vlan_dev_priv_of(dev);
	if (
		(vlan.flags & VLAN_FLAG_REORDER_HDR) !== 0 ||
		get_unaligned_be16(skb.head, skb.data + 12) !== vlan.vlan_proto
	) {
		const vlan_tci = vlan.vlan_id | vlan_dev_get_egress_qos_mask(dev, skb.priority);
		__vlan_hwaccel_put_tag(skb, vlan.vlan_proto, vlan_tci);
	}
	skb.dev = vlan.real_dev;
	const len = skb.len;
	const ret = dev_queue_xmit(skb);
	if (ret === NET_XMIT_SUCCESS || ret === NET_XMIT_CN) {
		vlan.tx_packets++;
		vlan.tx_bytes += len;
	} else {
		vlan.tx_dropped++;
	}
	return ret;
}

/**
 * Sets the MTU, no larger than the real device's.
 * @returns 0 or -ERANGE
 * @kernel net/8021q/vlan_dev.c:141 (v5.10)
 */
function vlan_dev_change_mtu(dev: net_device, new_mtu: number): number {
	if (vlan_dev_priv_of(dev).real_dev.mtu < new_mtu) return -ERANGE;
	dev.mtu = new_mtu;
	return 0;
}

/**
 * Maps a tag priority to skb->priority on receive.
 * @kernel net/8021q/vlan_dev.c:156 (v5.10)
 */
export function vlan_dev_set_ingress_priority(
	dev: net_device,
	skb_prio: u32,
	vlan_prio: u16,
): void {
	const vlan = vlan_dev_priv_of(dev);
	const old = vlan.ingress_priority_map[vlan_prio & 0x7];
	if (old !== 0 && skb_prio === 0) vlan.nr_ingress_mappings--;
	else if (old === 0 && skb_prio !== 0) vlan.nr_ingress_mappings++;
	vlan.ingress_priority_map[vlan_prio & 0x7] = skb_prio;
}

/**
 * Maps skb->priority to a tag priority on transmit.
 * @returns 0
 * @kernel net/8021q/vlan_dev.c:169 (v5.10)
 */
export function vlan_dev_set_egress_priority(
	dev: net_device,
	skb_prio: u32,
	vlan_prio: u16,
): number {
	const vlan = vlan_dev_priv_of(dev);
	const vlan_qos = (vlan_prio << VLAN_PRIO_SHIFT) & VLAN_PRIO_MASK;
	const old = vlan.egress_priority_map.get(skb_prio) ?? 0;
	if (old !== 0 && vlan_qos === 0) vlan.nr_egress_mappings--;
	else if (old === 0 && vlan_qos !== 0) vlan.nr_egress_mappings++;
	vlan.egress_priority_map.set(skb_prio, vlan_qos);
	return 0;
}

/**
 * Sets flags of a VLAN device.
 * @param mask flags to change
 * @returns 0, or -EINVAL for flags that do not exist
 * @kernel net/8021q/vlan_dev.c:214 (v5.10)
 */
export function vlan_dev_change_flags(dev: net_device, flags: u32, mask: u32): number {
	const vlan = vlan_dev_priv_of(dev);
	if (
		(mask &
			~(
				VLAN_FLAG_REORDER_HDR |
				VLAN_FLAG_GVRP |
				VLAN_FLAG_LOOSE_BINDING |
				VLAN_FLAG_MVRP |
				VLAN_FLAG_BRIDGE_BINDING
			)) !==
		0
	)
		return -EINVAL;
	vlan.flags = (vlan.flags & ~mask) | (flags & mask);
	return 0;
}

/**
 * Name of the real device.
 * @kernel net/8021q/vlan_dev.c:242 (v5.10)
 */
export function vlan_dev_get_realdev_name(dev: net_device): string {
	return vlan_dev_priv_of(dev).real_dev.name;
}

/**
 * Brings a VLAN device up.
 * @returns 0, -ENETDOWN while the real device is down, or a negative errno
 * @kernel net/8021q/vlan_dev.c:258 (v5.10)
 */
function vlan_dev_open(dev: net_device): number {
	const vlan = vlan_dev_priv_of(dev);
	const { real_dev } = vlan;
	if ((real_dev.flags & IFF_UP) === 0 && (vlan.flags & VLAN_FLAG_LOOSE_BINDING) === 0)
		return -ENETDOWN;
	let err = 0;
	out: {
		if (
			!ether_addr_equal(dev.dev_addr, 0, real_dev.dev_addr, 0) &&
			!vlan_dev_inherit_address(dev, real_dev)
		) {
			err = dev_uc_add(real_dev, dev.dev_addr);
			if (err < 0) break out;
		}
		del_unicast: {
			if ((dev.flags & IFF_ALLMULTI) !== 0) {
				err = dev_set_allmulti(real_dev, 1);
				if (err < 0) break del_unicast;
			}
			clear_allmulti: {
				if ((dev.flags & IFF_PROMISC) !== 0) {
					err = dev_set_promiscuity(real_dev, 1);
					if (err < 0) break clear_allmulti;
				}
				ether_addr_copy(vlan.real_dev_addr, 0, real_dev.dev_addr, 0);
				if (netif_carrier_ok(real_dev) && (vlan.flags & VLAN_FLAG_BRIDGE_BINDING) === 0)
					netif_carrier_on(dev);
				return 0;
			}
			if ((dev.flags & IFF_ALLMULTI) !== 0) dev_set_allmulti(real_dev, -1);
		}
		if (!ether_addr_equal(dev.dev_addr, 0, real_dev.dev_addr, 0))
			dev_uc_del(real_dev, dev.dev_addr);
	}
	netif_carrier_off(dev);
	return err;
}

/**
 * Takes a VLAN device down.
 * @returns 0
 * @kernel net/8021q/vlan_dev.c:310 (v5.10)
 */
function vlan_dev_stop(dev: net_device): number {
	const vlan = vlan_dev_priv_of(dev);
	const { real_dev } = vlan;
	dev_mc_unsync(real_dev, dev);
	dev_uc_unsync(real_dev, dev);
	if ((dev.flags & IFF_ALLMULTI) !== 0) dev_set_allmulti(real_dev, -1);
	if ((dev.flags & IFF_PROMISC) !== 0) dev_set_promiscuity(real_dev, -1);
	if (!ether_addr_equal(dev.dev_addr, 0, real_dev.dev_addr, 0))
		dev_uc_del(real_dev, dev.dev_addr);
	if ((vlan.flags & VLAN_FLAG_BRIDGE_BINDING) === 0) netif_carrier_off(dev);
	return 0;
}

/**
 * Gives a VLAN device an address of its own.
 * @returns 0 or a negative errno
 * @kernel net/8021q/vlan_dev.c:330 (v5.10)
 */
function vlan_dev_set_mac_address(dev: net_device, addr: Uint8Array): number {
	const { real_dev } = vlan_dev_priv_of(dev);
	if (!is_valid_ether_addr(addr)) return -EADDRNOTAVAIL;
	if ((dev.flags & IFF_UP) !== 0) {
		if (!ether_addr_equal(addr, 0, real_dev.dev_addr, 0)) {
			const err = dev_uc_add(real_dev, addr);
			if (err < 0) return err;
		}
		if (!ether_addr_equal(dev.dev_addr, 0, real_dev.dev_addr, 0))
			dev_uc_del(real_dev, dev.dev_addr);
	}
	ether_addr_copy(dev.dev_addr, 0, addr, 0);
	return 0;
}

/**
 * Passes promiscuity and all-multicast on to the real device.
 * @kernel net/8021q/vlan_dev.c:473 (v5.10)
 */
function vlan_dev_change_rx_flags(dev: net_device, change: number): void {
	if ((dev.flags & IFF_UP) === 0) return;
	const { real_dev } = vlan_dev_priv_of(dev);
	if ((change & IFF_ALLMULTI) !== 0)
		dev_set_allmulti(real_dev, (dev.flags & IFF_ALLMULTI) !== 0 ? 1 : -1);
	if ((change & IFF_PROMISC) !== 0)
		dev_set_promiscuity(real_dev, (dev.flags & IFF_PROMISC) !== 0 ? 1 : -1);
}

/**
 * Makes the real device listen to what the VLAN device listens to.
 * @kernel net/8021q/vlan_dev.c:485 (v5.10)
 */
function vlan_dev_set_rx_mode(vlan_dev: net_device): void {
	dev_mc_sync(vlan_dev_priv_of(vlan_dev).real_dev, vlan_dev);
	dev_uc_sync(vlan_dev_priv_of(vlan_dev).real_dev, vlan_dev);
}

const vlan_header_ops: header_ops = {
	create: vlan_dev_hard_header,
	parse: eth_header_parse,
};

/**
 * Pushes the real device's header: the tag is always inserted later, beside the packet.
 * @returns header bytes, negative when the destination is missing
 * @kernel net/8021q/vlan_dev.c:518 (v5.10)
 */
function vlan_passthru_hard_header(
	skb: sk_buff,
	dev: net_device,
	type: __be16,
	daddr: Uint8Array | null,
	saddr: Uint8Array | null,
	len: number,
): number {
	const { real_dev } = vlan_dev_priv_of(dev);
	return dev_hard_header(skb, real_dev, type, daddr, saddr ?? dev.dev_addr, len);
}

const vlan_passthru_header_ops: header_ops = {
	create: vlan_passthru_hard_header,
	parse: eth_header_parse,
};

/**
 * Takes over what a new VLAN device has from its real device.
 * @returns 0
 * @kernel net/8021q/vlan_dev.c:543 (v5.10)
 */
function vlan_dev_init(dev: net_device): number {
	const vlan = vlan_dev_priv_of(dev);
	const { real_dev } = vlan;
	netif_carrier_off(dev);
	dev.flags =
		real_dev.flags & ~(IFF_UP | IFF_PROMISC | IFF_ALLMULTI | IFF_MASTER | IFF_SLAVE);
	dev.state =
		(real_dev.state & ((1 << __LINK_STATE_NOCARRIER) | (1 << __LINK_STATE_DORMANT))) |
		(1 << __LINK_STATE_PRESENT);
	if ((vlan.flags & VLAN_FLAG_BRIDGE_BINDING) !== 0) dev.state |= 1 << __LINK_STATE_NOCARRIER;
	dev.hw_features =
		NETIF_F_HW_CSUM | NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_GSO_SOFTWARE | NETIF_F_HIGHDMA;
	dev.features |= dev.hw_features | NETIF_F_LLTX;
	dev.gso_max_size = real_dev.gso_max_size;
	dev.gso_max_segs = real_dev.gso_max_segs;
	dev.vlan_features = real_dev.vlan_features;
	dev.dev_id = real_dev.dev_id;
	if (is_zero_ether_addr(dev.dev_addr)) {
		ether_addr_copy(dev.dev_addr, 0, real_dev.dev_addr, 0);
		dev.addr_assign_type = NET_ADDR_STOLEN;
	}
	if (is_zero_ether_addr(dev.broadcast)) dev.broadcast.set(real_dev.broadcast);
	dev.needed_headroom = real_dev.needed_headroom;
	if (vlan_hw_offload_capable(real_dev.features, vlan.vlan_proto)) {
		dev.header_ops = vlan_passthru_header_ops;
		dev.hard_header_len = real_dev.hard_header_len;
	} else {
		dev.header_ops = vlan_header_ops;
		dev.hard_header_len = real_dev.hard_header_len + VLAN_HLEN;
	}
	dev.netdev_ops = vlan_netdev_ops;
	return 0;
}

/**
 * Forgets the egress map; may run more than once.
 * @kernel net/8021q/vlan_dev.c:613 (v5.10)
 */
export function vlan_dev_uninit(dev: net_device): void {
	vlan_dev_priv_of(dev).egress_priority_map.clear();
}

/**
 * Features that the real device lets a VLAN device have.
 * @kernel net/8021q/vlan_dev.c:627 (v5.10)
 */
function vlan_dev_fix_features(dev: net_device, features: number): number {
	const { real_dev } = vlan_dev_priv_of(dev);
	const old_features = features;
	let lower_features = netdev_intersect_features(
		real_dev.vlan_features | NETIF_F_RXCSUM,
		real_dev.features,
	);
	if ((lower_features & (NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM)) !== 0)
		lower_features |= NETIF_F_HW_CSUM;
	features = netdev_intersect_features(features, lower_features);
	features |= old_features & (NETIF_F_SOFT_FEATURES | NETIF_F_GSO_SOFTWARE);
	return features | NETIF_F_LLTX;
}

/**
 * What the link of the real device says of itself.
 * @returns 0 or a negative errno
 * @kernel net/8021q/vlan_dev.c:650 (v5.10)
 */
function vlan_ethtool_get_link_ksettings(dev: net_device, cmd: ethtool_link_ksettings): number {
	return __ethtool_get_link_ksettings(vlan_dev_priv_of(dev).real_dev, cmd);
}

/**
 * Describes the driver.
 * @kernel net/8021q/vlan_dev.c:658 (v5.10)
 */
function vlan_ethtool_get_drvinfo(_dev: net_device, info: ethtool_drvinfo): void {
	info.driver = '802.1Q VLAN Support';
	info.version = '1.8';
	info.fw_version = 'N/A';
}

/**
 * Counters of a VLAN device.
 * @kernel net/8021q/vlan_dev.c:686 (v5.10)
 */
function vlan_dev_get_stats64(dev: net_device, stats: rtnl_link_stats64): void {
	const vlan = vlan_dev_priv_of(dev);
	stats.rx_packets += vlan.rx_packets;
	stats.rx_bytes += vlan.rx_bytes;
	stats.multicast += vlan.rx_multicast;
	stats.tx_packets += vlan.tx_packets;
	stats.tx_bytes += vlan.tx_bytes;
	stats.rx_errors = vlan.rx_errors;
	stats.tx_dropped = vlan.tx_dropped;
}

/**
 * Index of the real device.
 * @kernel net/8021q/vlan_dev.c:763 (v5.10)
 */
function vlan_dev_get_iflink(dev: net_device): number {
	return vlan_dev_priv_of(dev).real_dev.ifindex;
}

/**
 * One step of the forward path: this VLAN device, then its real device.
 * @returns 0
 * @kernel net/8021q/vlan_dev.c:774 patch 4/9
 */
function vlan_dev_fill_forward_path(ctx: net_device_path_ctx, path: net_device_path): number {
	const dev = ctx.dev!;
	const vlan = vlan_dev_priv_of(dev);
	path.type = DEV_PATH_VLAN;
	path.vlan.id = vlan.vlan_id;
	path.vlan.proto = vlan.vlan_proto;
	path.dev = dev;
	ctx.dev = vlan.real_dev;
	return 0;
}

const vlan_ethtool_ops: ethtool_ops = {
	get_link_ksettings: vlan_ethtool_get_link_ksettings,
	get_drvinfo: vlan_ethtool_get_drvinfo,
	get_link: ethtool_op_get_link,
};

const vlan_netdev_ops: net_device_ops = {
	ndo_change_mtu: vlan_dev_change_mtu,
	ndo_init: vlan_dev_init,
	ndo_uninit: vlan_dev_uninit,
	ndo_open: vlan_dev_open,
	ndo_stop: vlan_dev_stop,
	ndo_start_xmit: vlan_dev_hard_start_xmit,
	ndo_validate_addr: eth_validate_addr,
	ndo_set_mac_address: vlan_dev_set_mac_address,
	ndo_set_rx_mode: vlan_dev_set_rx_mode,
	ndo_change_rx_flags: vlan_dev_change_rx_flags,
	ndo_get_stats64: vlan_dev_get_stats64,
	ndo_fix_features: vlan_dev_fix_features,
	ndo_get_iflink: vlan_dev_get_iflink,
	ndo_fill_forward_path: vlan_dev_fill_forward_path,
};

/**
 * Fills what a VLAN device is before it knows its real device.
 * @kernel net/8021q/vlan_dev.c:818 (v5.10)
 */
export function vlan_setup(dev: net_device): void {
	ether_setup(dev);
	dev.priv_flags |= IFF_802_1Q_VLAN | IFF_NO_QUEUE;
	dev.priv_flags |= IFF_UNICAST_FLT;
	dev.priv_flags &= ~IFF_TX_SKB_SHARING;
	netif_keep_dst(dev);
	dev.netdev_ops = vlan_netdev_ops;
	dev.ethtool_ops = vlan_ethtool_ops;
	dev.min_mtu = 0;
	dev.max_mtu = ETH_MAX_MTU;
	dev.broadcast.fill(0);
}
