// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drivers/net/loopback.c, base v5.10: the device that sends to itself, one in each namespace, index 1; and
 * the one that invalid destinations lead to, one for all namespaces and in no list.
 */
import type { ethtool_ops } from '../../../../../include/linux/ethtool.ts';
import type { Machine } from '../../../../../include/linux/machine.ts';
import {
	IFF_LIVE_ADDR_CHANGE,
	NET_NAME_ENUM,
	NET_NAME_UNKNOWN,
	NET_RX_SUCCESS,
	NETDEV_TX_OK,
	type net_device,
	type net_device_ops,
} from '../../../../../include/linux/netdevice.ts';
import {
	NETIF_F_FRAGLIST,
	NETIF_F_GSO_SOFTWARE,
	NETIF_F_HIGHDMA,
	NETIF_F_HW_CSUM,
	NETIF_F_LLTX,
	NETIF_F_LOOPBACK,
	NETIF_F_NETNS_LOCAL,
	NETIF_F_RXCSUM,
	NETIF_F_SG,
	NETIF_F_VLAN_CHALLENGED,
} from '../../../../../include/linux/netdev_features.ts';
import type { sk_buff } from '../../../../../include/linux/skbuff.ts';
import { LOOPBACK_IFINDEX, type net } from '../../../../../include/net/net_namespace.ts';
import { ARPHRD_LOOPBACK, IFF_LOOPBACK, IFF_RUNNING, IFF_UP } from '../../../../../include/uapi/linux/if.ts';
import { ETH_ALEN, ETH_HLEN, ETH_MIN_MTU } from '../../../../../include/uapi/linux/if_ether.ts';
import { alloc_netdev, netif_keep_dst, netif_rx, register_netdevice } from '../../../../../net/core/dev.ts';
import { blackhole_netdev } from '../../../../../net/core/dst.ts';
import { register_pernet_subsys } from '../../../../../net/core/net_namespace.ts';
import { kfree_skb, skb_dst_force, skb_orphan } from '../../../../../net/core/skbuff.ts';
import { eth_header_ops, eth_mac_addr, eth_type_trans } from '../../../../../net/ethernet/eth.ts';

/**
 * Turns a packet round.
 * @returns NETDEV_TX_OK
 * @kernel PORT: drivers/net/loopback.c:68
 */
function loopback_xmit(skb: sk_buff, dev: net_device): number {
	skb.tstamp = 0;
	skb_orphan(skb);
	skb_dst_force(skb);
	skb.protocol = eth_type_trans(skb, dev);
	const len = skb.len;
	if (netif_rx(skb) === NET_RX_SUCCESS) {
		dev.stats.rx_packets++;
		dev.stats.rx_bytes += len;
		dev.stats.tx_packets++;
		dev.stats.tx_bytes += len;
	}
	return NETDEV_TX_OK;
}

const loopback_ethtool_ops: ethtool_ops = {
	get_link: () => true,
};

const loopback_ops: net_device_ops = {
	ndo_start_xmit: loopback_xmit,
	ndo_set_mac_address: eth_mac_addr,
};

/**
 * Fills what the loopback device is.
 * @kernel PORT: drivers/net/loopback.c:163
 */
function loopback_setup(dev: net_device): void {
	dev.mtu = 64 * 1024;
	dev.hard_header_len = ETH_HLEN;
	dev.min_header_len = ETH_HLEN;
	dev.addr_len = ETH_ALEN;
	dev.type = ARPHRD_LOOPBACK;
	dev.flags = IFF_LOOPBACK;
	dev.priv_flags |= IFF_LIVE_ADDR_CHANGE;
	netif_keep_dst(dev);
	dev.hw_features = NETIF_F_GSO_SOFTWARE;
	dev.features =
		NETIF_F_SG |
		NETIF_F_FRAGLIST |
		NETIF_F_GSO_SOFTWARE |
		NETIF_F_HW_CSUM |
		NETIF_F_RXCSUM |
		NETIF_F_HIGHDMA |
		NETIF_F_LLTX |
		NETIF_F_NETNS_LOCAL |
		NETIF_F_VLAN_CHALLENGED |
		NETIF_F_LOOPBACK;
	dev.ethtool_ops = loopback_ethtool_ops;
	dev.header_ops = eth_header_ops;
}

/**
 * Makes the loopback device of a namespace.
 * @returns 0 or a negative errno
 * @kernel PORT: drivers/net/loopback.c:207
 */
function loopback_net_init(net: net): number {
	const dev = alloc_netdev(net, 'lo', NET_NAME_ENUM, loopback_ops, loopback_setup, null);
	dev.ifindex = LOOPBACK_IFINDEX;
	const err = register_netdevice(dev);
	if (err !== 0) return err;
	net.ifindex = Math.max(net.ifindex, LOOPBACK_IFINDEX);
	net.loopback_dev = dev;
	if (blackhole_netdev.of(net.machine).dev === null) blackhole_netdev_init(net);
	return 0;
}

/**
 * Gives every namespace its loopback device.
 * @returns 0 or a negative errno
 * @kernel PORT: net/core/dev.c:11102 registers loopback_net_ops
 */
export function loopback_init(m: Machine): number {
	return register_pernet_subsys(m, { init: loopback_net_init });
}

/**
 * Drops a packet, and says so in the kernel log.
 * @returns NETDEV_TX_OK
 * @kernel PORT: drivers/net/loopback.c:229
 */
function blackhole_netdev_xmit(skb: sk_buff, dev: net_device): number {
	kfree_skb(skb);
	dev.machine.printk('blackhole_netdev_xmit(): Dropping skb.');
	return NETDEV_TX_OK;
}

const blackhole_netdev_ops: net_device_ops = {
	ndo_start_xmit: blackhole_netdev_xmit,
};

/**
 * Fills what the blackhole device is.
 * @kernel PORT: drivers/net/loopback.c:245
 */
function blackhole_netdev_setup(dev: net_device): void {
	loopback_setup(dev);
	dev.mtu = ETH_MIN_MTU;
	dev.header_ops = null;
}

/**
 * Makes the blackhole device, which is not registered.
 * @param net the first namespace
 * @kernel PORT: drivers/net/loopback.c:252; an initcall in C
 */
function blackhole_netdev_init(net: net): void {
	const dev = alloc_netdev(
		net,
		'blackhole_dev',
		NET_NAME_UNKNOWN,
		blackhole_netdev_ops,
		blackhole_netdev_setup,
		null,
	);
	dev.flags |= IFF_UP | IFF_RUNNING;
	blackhole_netdev.of(net.machine).dev = dev;
}
