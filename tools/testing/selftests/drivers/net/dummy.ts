// SPDX-License-Identifier: GPL-2.0-only
/*
 * drivers/net/dummy.c, base v5.10: a device that swallows what it is given.
 */
import type { Machine } from '../../../../../include/linux/machine.ts';
import {
	IFF_LIVE_ADDR_CHANGE,
	IFF_NO_QUEUE,
	IFF_TX_SKB_SHARING,
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
	NETIF_F_SG,
} from '../../../../../include/linux/netdev_features.ts';
import type { sk_buff } from '../../../../../include/linux/skbuff.ts';
import { IFF_MULTICAST, IFF_NOARP } from '../../../../../include/uapi/linux/if.ts';
import { eth_hw_addr_random } from '../../../../../include/linux/etherdevice.ts';
import { consume_skb } from '../../../../../net/core/skbuff.ts';
import { rtnl_link_register } from '../../../../../net/core/rtnetlink.ts';
import { eth_mac_addr, eth_validate_addr, ether_setup } from '../../../../../net/ethernet/eth.ts';

/**
 * Counts a packet and frees it.
 * @returns NETDEV_TX_OK
 * @kernel PORT: drivers/net/dummy.c:55
 */
function dummy_xmit(skb: sk_buff, dev: net_device): number {
	dev.stats.tx_packets++;
	dev.stats.tx_bytes += skb.len;
	consume_skb(skb);
	return NETDEV_TX_OK;
}

const dummy_netdev_ops: net_device_ops = {
	ndo_start_xmit: dummy_xmit,
	ndo_validate_addr: eth_validate_addr,
	ndo_set_rx_mode: () => {},
	ndo_set_mac_address: eth_mac_addr,
};

/**
 * Fills what a dummy device is.
 * @kernel PORT: drivers/net/dummy.c:110
 */
function dummy_setup(dev: net_device): void {
	ether_setup(dev);
	dev.netdev_ops = dummy_netdev_ops;
	dev.flags |= IFF_NOARP;
	dev.flags &= ~IFF_MULTICAST;
	dev.priv_flags &= ~IFF_TX_SKB_SHARING;
	dev.priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE;
	dev.features |=
		NETIF_F_SG |
		NETIF_F_FRAGLIST |
		NETIF_F_GSO_SOFTWARE |
		NETIF_F_HW_CSUM |
		NETIF_F_HIGHDMA |
		NETIF_F_LLTX;
	dev.hw_features |= dev.features;
	dev.hw_enc_features |= dev.features;
	eth_hw_addr_random(dev);
	dev.min_mtu = 0;
	dev.max_mtu = 0;
}

/**
 * Registers the kind.
 * @returns 0 or a negative errno
 * @kernel PORT: drivers/net/dummy.c:180 dummy_init_module
 */
export function dummy_init(m: Machine): number {
	return rtnl_link_register(m, { kind: 'dummy', setup: dummy_setup });
}
