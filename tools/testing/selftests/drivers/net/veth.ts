// SPDX-License-Identifier: GPL-2.0-only
/*
 * drivers/net/veth.c, base v5.10: a pair of devices; what one sends the other receives. The wire of this
 * project.
 *
 * Not ported: XDP and with it NAPI and GRO: without a program the driver hands packets to the backlog.
 */
import type { Machine } from '../../../../../include/linux/machine.ts';
import {
	dev_net,
	IFF_LIVE_ADDR_CHANGE,
	IFF_NO_QUEUE,
	IFF_PHONY_HEADROOM,
	IFF_TX_SKB_SHARING,
	NET_NAME_ENUM,
	NET_NAME_USER,
	NET_RX_SUCCESS,
	NETDEV_TX_OK,
	netdev_priv,
	type net_device,
	type net_device_ops,
	type rtnl_link_stats64,
} from '../../../../../include/linux/netdevice.ts';
import {
	NETIF_F_FRAGLIST,
	NETIF_F_GSO_SOFTWARE,
	NETIF_F_HIGHDMA,
	NETIF_F_HW_CSUM,
	NETIF_F_HW_VLAN_CTAG_RX,
	NETIF_F_HW_VLAN_CTAG_TX,
	NETIF_F_HW_VLAN_STAG_RX,
	NETIF_F_HW_VLAN_STAG_TX,
	NETIF_F_LLTX,
	NETIF_F_RXCSUM,
	NETIF_F_SG,
} from '../../../../../include/linux/netdev_features.ts';
import {
	AUTONEG_DISABLE,
	DUPLEX_FULL,
	ETH_SS_STATS,
	type ethtool_drvinfo,
	type ethtool_link_ksettings,
	ethtool_op_get_link,
	type ethtool_ops,
	PORT_TP,
	SPEED_10000,
} from '../../../../../include/linux/ethtool.ts';
import { eth_hw_addr_random } from '../../../../../include/linux/etherdevice.ts';
import type { sk_buff } from '../../../../../include/linux/skbuff.ts';
import type { net } from '../../../../../include/net/net_namespace.ts';
import type { netlink_ext_ack, nlattr_value, nlattrs } from '../../../../../include/net/netlink.ts';
import type { rtnl_link_ops } from '../../../../../include/net/rtnetlink.ts';
import { IFF_UP } from '../../../../../include/uapi/linux/if.ts';
import { IFLA_ADDRESS, IFLA_IFNAME } from '../../../../../include/uapi/linux/if_link.ts';
import { ETH_MAX_MTU } from '../../../../../include/uapi/linux/if_ether.ts';
import { ENOTCONN, EOPNOTSUPP } from '../../../../../include/uapi/linux/errno.ts';
import {
	__dev_forward_skb,
	netif_rx,
	passthru_features_check,
	register_netdevice,
	unregister_netdevice,
	unregister_netdevice_queue,
} from '../../../../../net/core/dev.ts';
import {
	rtnl_configure_link,
	rtnl_create_link,
	rtnl_link_get_net,
	rtnl_link_register,
} from '../../../../../net/core/rtnetlink.ts';
import { kfree_skb } from '../../../../../net/core/skbuff.ts';
import { eth_mac_addr, eth_type_trans, ether_setup } from '../../../../../net/ethernet/eth.ts';
import { netif_carrier_off, netif_carrier_on } from '../../../../../net/sched/sch_generic.ts';

/** include/uapi/linux/veth.h: attributes of the other end, as of a link of its own. */
export const VETH_INFO_PEER = 1;

const VETH_FEATURES =
	NETIF_F_SG |
	NETIF_F_FRAGLIST |
	NETIF_F_HW_CSUM |
	NETIF_F_RXCSUM |
	NETIF_F_HIGHDMA |
	NETIF_F_GSO_SOFTWARE |
	NETIF_F_HW_VLAN_CTAG_TX |
	NETIF_F_HW_VLAN_CTAG_RX |
	NETIF_F_HW_VLAN_STAG_TX |
	NETIF_F_HW_VLAN_STAG_RX;

/**
 * A test's hand on the wire: gets each frame before the other end does; answers whether it goes on.
 * PORT: no such thing in C; null but in tests of loss and disorder.
 */
export type veth_tamper = (skb: sk_buff, from: net_device) => boolean;

/** Private part of each end. */
export class veth_priv {
	peer: net_device | null = null;
	/** Packets sent that the other end did not take. */
	dropped = 0;
	/** dev_lstats of this end: what the other end received from it. */
	packets = 0;
	bytes = 0;
	tamper: veth_tamper | null = null;
}

/**
 * Sends a packet to the other end's receive path.
 * @returns NETDEV_TX_OK
 * @kernel PORT: drivers/net/veth.c:281
 */
function veth_xmit(skb: sk_buff, dev: net_device): number {
	const priv = netdev_priv<veth_priv>(dev);
	const rcv = priv.peer;
	const length = skb.len;
	drop: {
		if (rcv === null || (priv.tamper !== null && !priv.tamper(skb, dev))) {
			kfree_skb(skb);
			break drop;
		}
		if (__dev_forward_skb(rcv, skb, eth_type_trans) !== 0 || netif_rx(skb) !== NET_RX_SUCCESS)
			break drop;
		priv.packets++;
		priv.bytes += length;
		return NETDEV_TX_OK;
	}
	priv.dropped++;
	return NETDEV_TX_OK;
}

/**
 * Counters: what this end sent, and what the other end sent to it.
 * @kernel PORT: drivers/net/veth.c:369
 */
function veth_get_stats64(dev: net_device, tot: rtnl_link_stats64): void {
	const priv = netdev_priv<veth_priv>(dev);
	tot.tx_dropped = priv.dropped;
	tot.tx_packets = priv.packets;
	tot.tx_bytes = priv.bytes;
	if (priv.peer === null) return;
	const peer = netdev_priv<veth_priv>(priv.peer);
	tot.rx_packets = peer.packets;
	tot.rx_bytes = peer.bytes;
}

/**
 * Brings an end up; with both up there is carrier.
 * @returns 0, or -ENOTCONN without a peer
 * @kernel PORT: drivers/net/veth.c:978
 */
function veth_open(dev: net_device): number {
	const { peer } = netdev_priv<veth_priv>(dev);
	if (peer === null) return -ENOTCONN;
	if ((peer.flags & IFF_UP) !== 0) {
		netif_carrier_on(dev);
		netif_carrier_on(peer);
	}
	return 0;
}

/**
 * Takes an end down; both lose carrier.
 * @returns 0
 * @kernel PORT: drivers/net/veth.c:1001
 */
function veth_close(dev: net_device): number {
	const { peer } = netdev_priv<veth_priv>(dev);
	netif_carrier_off(dev);
	if (peer !== null) netif_carrier_off(peer);
	return 0;
}

/**
 * Index of the other end.
 * @kernel PORT: drivers/net/veth.c:1077
 */
function veth_get_iflink(dev: net_device): number {
	return netdev_priv<veth_priv>(dev).peer?.ifindex ?? 0;
}

/**
 * Says that the link is of 10 Gbit/s.
 * @returns 0
 * @kernel PORT: drivers/net/veth.c:104
 */
function veth_get_link_ksettings(_dev: net_device, cmd: ethtool_link_ksettings): number {
	cmd.speed = SPEED_10000;
	cmd.duplex = DUPLEX_FULL;
	cmd.port = PORT_TP;
	cmd.autoneg = AUTONEG_DISABLE;
	return 0;
}

/**
 * Describes the driver.
 * @kernel PORT: drivers/net/veth.c:115
 */
function veth_get_drvinfo(_dev: net_device, info: ethtool_drvinfo): void {
	info.driver = 'veth';
	info.version = '1.0';
}

/** Counters of a receive queue and of a transmit queue: all of XDP, which is not ported. */
const veth_rq_stats_desc = [
	'xdp_packets',
	'xdp_bytes',
	'drops',
	'xdp_redirect',
	'xdp_drops',
	'xdp_tx',
	'xdp_tx_errors',
] as const;
const veth_tq_stats_desc = ['xdp_xmit', 'xdp_xmit_errors'] as const;

/**
 * Names the driver's own counters. There is one queue each way.
 * @kernel PORT: drivers/net/veth.c:122
 */
function veth_get_strings(_dev: net_device, stringset: number, names: string[]): void {
	if (stringset !== ETH_SS_STATS) return;
	names.push('peer_ifindex');
	for (const desc of veth_rq_stats_desc) names.push(`rx_queue_0_${desc}`);
	for (const desc of veth_tq_stats_desc) names.push(`tx_queue_0_${desc}`);
}

/**
 * Counts the names of a set.
 * @returns number of names, or -EOPNOTSUPP
 * @kernel PORT: drivers/net/veth.c:153
 */
function veth_get_sset_count(_dev: net_device, sset: number): number {
	if (sset !== ETH_SS_STATS) return -EOPNOTSUPP;
	return 1 + veth_rq_stats_desc.length + veth_tq_stats_desc.length;
}

/**
 * Reads the driver's own counters.
 * @kernel PORT: drivers/net/veth.c:165
 */
function veth_get_ethtool_stats(dev: net_device, data: number[]): void {
	data.push(netdev_priv<veth_priv>(dev).peer?.ifindex ?? 0);
	for (let i = veth_rq_stats_desc.length + veth_tq_stats_desc.length; i > 0; i--) data.push(0);
}

const veth_ethtool_ops: ethtool_ops = {
	get_drvinfo: veth_get_drvinfo,
	get_link: ethtool_op_get_link,
	get_strings: veth_get_strings,
	get_sset_count: veth_get_sset_count,
	get_ethtool_stats: veth_get_ethtool_stats,
	get_link_ksettings: veth_get_link_ksettings,
};

const veth_netdev_ops: net_device_ops = {
	ndo_open: veth_open,
	ndo_stop: veth_close,
	ndo_start_xmit: veth_xmit,
	ndo_get_stats64: veth_get_stats64,
	ndo_set_rx_mode: () => {},
	ndo_set_mac_address: eth_mac_addr,
	ndo_get_iflink: veth_get_iflink,
	ndo_features_check: passthru_features_check,
	ndo_get_peer_dev: (dev) => netdev_priv<veth_priv>(dev).peer,
};

/**
 * Fills what a veth device is.
 * @kernel PORT: drivers/net/veth.c:1218
 */
function veth_setup(dev: net_device): void {
	ether_setup(dev);
	dev.priv_flags &= ~IFF_TX_SKB_SHARING;
	dev.priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE | IFF_PHONY_HEADROOM;
	dev.netdev_ops = veth_netdev_ops;
	dev.ethtool_ops = veth_ethtool_ops;
	dev.features |= NETIF_F_LLTX | VETH_FEATURES;
	dev.vlan_features =
		dev.features &
		~(
			NETIF_F_HW_VLAN_CTAG_TX |
			NETIF_F_HW_VLAN_STAG_TX |
			NETIF_F_HW_VLAN_CTAG_RX |
			NETIF_F_HW_VLAN_STAG_RX
		);
	dev.max_mtu = ETH_MAX_MTU;
	dev.hw_features = VETH_FEATURES;
	dev.hw_enc_features = VETH_FEATURES;
}

/**
 * Makes a pair.
 * @param data VETH_INFO_PEER: attributes of the other end
 * @returns 0 or a negative errno
 * @kernel PORT: drivers/net/veth.c:1285
 */
function veth_newlink(
	src_net: net,
	dev: net_device,
	tb: nlattrs,
	data: nlattrs | null,
	extack: netlink_ext_ack | null,
): number {
	const nested = data?.get(VETH_INFO_PEER);
	const tbp: nlattrs = nested instanceof Map ? nested : new Map<number, nlattr_value>();
	const given = tbp.get(IFLA_IFNAME);
	const ifname = typeof given === 'string' ? given : 'veth%d';
	const net = rtnl_link_get_net(src_net, tbp);
	if (typeof net === 'number') return net;
	const peer = rtnl_create_link(
		net,
		ifname,
		typeof given === 'string' ? NET_NAME_USER : NET_NAME_ENUM,
		veth_link_ops,
		tbp,
		extack,
	);
	if (typeof peer === 'number') return peer;
	if (!tbp.has(IFLA_ADDRESS)) eth_hw_addr_random(peer);
	let err = register_netdevice(peer);
	if (err < 0) return err;
	netif_carrier_off(peer);
	err = rtnl_configure_link(peer, null);
	err_register_dev: {
		if (err < 0) break err_register_dev;
		if (!tb.has(IFLA_ADDRESS)) eth_hw_addr_random(dev);
		if (!tb.has(IFLA_IFNAME)) dev.name = 'veth%d';
		err = register_netdevice(dev);
		if (err < 0) break err_register_dev;
		netif_carrier_off(dev);
		netdev_priv<veth_priv>(dev).peer = peer;
		netdev_priv<veth_priv>(peer).peer = dev;
		return 0;
	}
	unregister_netdevice(peer);
	return err;
}

/**
 * Ends a pair.
 * @kernel PORT: drivers/net/veth.c:1399
 */
function veth_dellink(dev: net_device, head: net_device[]): void {
	const priv = netdev_priv<veth_priv>(dev);
	const peer = priv.peer;
	priv.peer = null;
	unregister_netdevice_queue(dev, head);
	if (peer !== null) {
		netdev_priv<veth_priv>(peer).peer = null;
		unregister_netdevice_queue(peer, head);
	}
}

const veth_link_ops: rtnl_link_ops = {
	kind: 'veth',
	alloc_priv: () => new veth_priv(),
	setup: veth_setup,
	newlink: veth_newlink,
	dellink: veth_dellink,
	get_link_net: (dev) => dev_net(netdev_priv<veth_priv>(dev).peer ?? dev),
};

/**
 * Registers the kind.
 * @returns 0 or a negative errno
 * @kernel PORT: drivers/net/veth.c:1443 veth_init
 */
export function veth_init(m: Machine): number {
	return rtnl_link_register(m, veth_link_ops);
}
