// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/bridge/br_device.c, base v5.10 + patch 5/9: the bridge as a device of its own.
 *
 * Not ported: netpoll (br_poll_controller, br_netpoll_cleanup, __br_netpoll_enable, br_netpoll_enable,
 * br_netpoll_setup, br_netpoll_disable), lockdep classes (br_set_lockdep_class), link settings
 * (br_get_link_ksettings), br_netfilter.
 */
import { HZ } from '../../include/linux/machine.ts';
import {
	eth_hw_addr_random,
	ether_addr_equal,
	is_broadcast_ether_addr,
	is_multicast_ether_addr,
	is_valid_ether_addr,
} from '../../include/linux/etherdevice.ts';
import {
	__ethtool_get_link_ksettings,
	DUPLEX_UNKNOWN,
	type ethtool_drvinfo,
	ethtool_link_ksettings,
	ethtool_op_get_link,
	type ethtool_ops,
	PORT_OTHER,
	SPEED_UNKNOWN,
} from '../../include/linux/ethtool.ts';
import {
	DEV_PATH_BRIDGE,
	IFF_EBRIDGE,
	IFF_NO_QUEUE,
	NETDEV_TX_OK,
	NETREG_REGISTERED,
	type net_device,
	type net_device_ops,
	type net_device_path,
	type net_device_path_ctx,
	netif_is_bridge_port,
	netif_oper_up,
	netif_running,
	type rtnl_link_stats64,
} from '../../include/linux/netdevice.ts';
import {
	NETIF_F_FRAGLIST,
	NETIF_F_GSO_MASK,
	NETIF_F_HIGHDMA,
	NETIF_F_HW_CSUM,
	NETIF_F_HW_VLAN_CTAG_TX,
	NETIF_F_HW_VLAN_STAG_TX,
	NETIF_F_LLTX,
	NETIF_F_NETNS_LOCAL,
	NETIF_F_SG,
} from '../../include/linux/netdev_features.ts';
import { get_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import { type sk_buff, skb_reset_mac_header } from '../../include/linux/skbuff.ts';
import { delayed_work } from '../../include/linux/workqueue.ts';
import type { netlink_ext_ack } from '../../include/net/netlink.ts';
import { EADDRNOTAVAIL, EBUSY } from '../../include/uapi/linux/errno.ts';
import { BR_STATE_FORWARDING } from '../../include/uapi/linux/if_bridge.ts';
import { ETH_ALEN, ETH_HLEN, ETH_MAX_MTU } from '../../include/uapi/linux/if_ether.ts';
import { IFF_PROMISC } from '../../include/uapi/linux/if.ts';
import { netdev_update_features, passthru_features_check } from '../core/dev.ts';
import { kfree_skb, skb_pull } from '../core/skbuff.ts';
import { ether_setup } from '../ethernet/eth.ts';
import { br_fdb_add, br_fdb_cleanup, br_fdb_delete, br_fdb_dump, br_fdb_get } from './br_fdb.ts';
import { br_flood, br_forward, br_multicast_flood } from './br_forward.ts';
import { br_add_if, br_del_if, br_features_recompute } from './br_if.ts';
import {
	br_mdb_get,
	br_multicast_dev_del,
	br_multicast_init,
	br_multicast_join_snoopers,
	br_multicast_leave_snoopers,
	br_multicast_open,
	br_multicast_rcv,
	br_multicast_stop,
} from './br_multicast.ts';
import {
	br_fdb_find_rcu,
	BR_INPUT_SKB_CB,
	br_multicast_querier_exists,
	BR_PKT_BROADCAST,
	BR_PKT_MULTICAST,
	BR_PKT_UNICAST,
	br_priv,
	fdb_find_rcu,
	net_bridge,
	type net_bridge_fdb_entry,
	type net_bridge_port,
} from './br_private.ts';
import { br_stp_change_bridge_id, br_stp_disable_bridge, br_stp_enable_bridge } from './br_stp_if.ts';
import { br_allowed_ingress, br_ingress, br_manage_promisc, br_vlan_flush, br_vlan_init } from './br_vlan.ts';

const COMMON_FEATURES =
	NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HIGHDMA | NETIF_F_GSO_MASK | NETIF_F_HW_CSUM;

/* Scratch of the check on the way in, read before anything nests. */
const ingress = new br_ingress();

/**
 * Sends the bridge's own traffic: to its station's port, or to all.
 * @returns NETDEV_TX_OK
 * @kernel net/bridge/br_device.c:28 (v5.10)
 */
export function br_dev_xmit(packet: sk_buff, dev: net_device): number {
	const br = br_priv(dev);
	const cb = BR_INPUT_SKB_CB(packet);
	cb.clear();
	br.tx_packets++;
	br.tx_bytes += packet.len;
	cb.brdev = dev;
	skb_reset_mac_header(packet);
	skb_pull(packet, ETH_HLEN);
	ingress.vid = 0;
	ingress.state = BR_STATE_FORWARDING;
	const skb = br_allowed_ingress(br, br.vlgrp, packet, ingress);
	if (skb === null) return NETDEV_TX_OK;
	const dest = skb.mac_header;
	if (is_broadcast_ether_addr(skb.head, dest)) {
		br_flood(br, skb, BR_PKT_BROADCAST, false, true);
	} else if (is_multicast_ether_addr(skb.head, dest)) {
		const { vid } = ingress;
		if (br_multicast_rcv(br, null, skb, vid) !== 0) {
			kfree_skb(skb);
			return NETDEV_TX_OK;
		}

		const mdst = br_mdb_get(br, skb, vid);
		if (
			(mdst !== null || BR_INPUT_SKB_CB(skb).mrouters_only) &&
			br_multicast_querier_exists(
				br,
				get_unaligned_be16(skb.head, skb.mac_header + 2 * ETH_ALEN),
			)
		)
			br_multicast_flood(mdst, skb, false, true);
		else br_flood(br, skb, BR_PKT_MULTICAST, false, true);
	} else {
		const dst = fdb_find_rcu(br, skb.view, dest, ingress.vid);
		if (dst !== null) br_forward(dst.dst, skb, false, true);
		else br_flood(br, skb, BR_PKT_UNICAST, false, true);
	}
	return NETDEV_TX_OK;
}

/**
 * Completes a bridge at registration.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_device.c:117 (v5.10)
 */
function br_dev_init(dev: net_device): number {
	return br_vlan_init(br_priv(dev));
}

/**
 * Ends what br_dev_init() began.
 * @kernel net/bridge/br_device.c:159 (v5.10)
 */
function br_dev_uninit(dev: net_device): void {
	const br = br_priv(dev);
	br_multicast_dev_del(br);
	br_vlan_flush(br);
}

/**
 * Brings a bridge up.
 * @returns 0
 * @kernel net/bridge/br_device.c:171 (v5.10)
 */
function br_dev_open(dev: net_device): number {
	const br = br_priv(dev);
	netdev_update_features(dev);
	br_stp_enable_bridge(br);
	br_multicast_open(br);
	if (br.multicast_enabled) br_multicast_join_snoopers(br);
	return 0;
}

/**
 * Follows the device's groups: every group reaches a bridge anyway.
 * @kernel net/bridge/br_device.c:186 (v5.10)
 */
function br_dev_set_multicast_list(_dev: net_device): void {}

/**
 * Follows a change of promiscuity.
 * @kernel net/bridge/br_device.c:190 (v5.10)
 */
function br_dev_change_rx_flags(dev: net_device, change: number): void {
	if ((change & IFF_PROMISC) !== 0) br_manage_promisc(br_priv(dev));
}

/**
 * Takes a bridge down.
 * @returns 0
 * @kernel net/bridge/br_device.c:196 (v5.10)
 */
function br_dev_stop(dev: net_device): number {
	const br = br_priv(dev);
	br_stp_disable_bridge(br);
	br_multicast_stop(br);
	if (br.multicast_enabled) br_multicast_leave_snoopers(br);
	return 0;
}

/**
 * Counters of a bridge: what it sent and received itself.
 * @kernel net/bridge/br_device.c:211 (v5.10)
 */
function br_get_stats64(dev: net_device, stats: rtnl_link_stats64): void {
	const br = br_priv(dev);
	Object.assign(stats, dev.stats);
	stats.rx_packets += br.rx_packets;
	stats.rx_bytes += br.rx_bytes;
	stats.tx_packets += br.tx_packets;
	stats.tx_bytes += br.tx_bytes;
}

/**
 * Sets the MTU; ports no longer decide about it.
 * @returns 0
 * @kernel net/bridge/br_device.c:220 (v5.10)
 */
function br_change_mtu(dev: net_device, new_mtu: number): number {
	dev.mtu = new_mtu;
	br_priv(dev).mtu_set_by_user = true;
	return 0;
}

/**
 * Sets the address.
 * @returns 0, -EADDRNOTAVAIL, -EBUSY
 * @kernel net/bridge/br_device.c:237 (v5.10)
 */
function br_set_mac_address(dev: net_device, addr: Uint8Array): number {
	if (!is_valid_ether_addr(addr)) return -EADDRNOTAVAIL;
	if (dev.reg_state !== NETREG_REGISTERED) return -EBUSY;
	if (!ether_addr_equal(dev.dev_addr, 0, addr, 0)) br_stp_change_bridge_id(br_priv(dev), addr);
	return 0;
}

/**
 * Describes the driver.
 * @kernel net/bridge/br_device.c:261 (v5.10)
 */
function br_getinfo(_dev: net_device, info: ethtool_drvinfo): void {
	info.driver = 'bridge';
	info.version = '2.3';
	info.fw_version = 'N/A';
	info.bus_info = 'N/A';
}

/**
 * Says that the link is as fast as the fastest port that is up.
 * @returns 0
 * @kernel net/bridge/br_device.c:269 (v5.10)
 */
function br_get_link_ksettings(dev: net_device, cmd: ethtool_link_ksettings): number {
	cmd.duplex = DUPLEX_UNKNOWN;
	cmd.port = PORT_OTHER;
	cmd.speed = SPEED_UNKNOWN;

	for (const p of br_priv(dev).port_list) {
		const pdev = p.dev;
		if (!netif_running(pdev) || !netif_oper_up(pdev)) continue;

		const ecmd = new ethtool_link_ksettings();
		if (__ethtool_get_link_ksettings(pdev, ecmd) !== 0) continue;

		if (ecmd.speed !== SPEED_UNKNOWN && cmd.speed < ecmd.speed) cmd.speed = ecmd.speed;
	}
	return 0;
}

/**
 * Features that the ports let a bridge have.
 * @kernel net/bridge/br_device.c:300 (v5.10)
 */
function br_fix_features(dev: net_device, features: number): number {
	return br_features_recompute(br_priv(dev), features);
}

/**
 * Adds a port.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_device.c:385 (v5.10)
 */
function br_add_slave(
	dev: net_device,
	slave_dev: net_device,
	extack: netlink_ext_ack | null,
): number {
	return br_add_if(br_priv(dev), slave_dev, extack);
}

/**
 * Removes a port.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_device.c:394 (v5.10)
 */
function br_del_slave(dev: net_device, slave_dev: net_device): number {
	return br_del_if(br_priv(dev), slave_dev);
}

/**
 * Reads the port of an entry.
 * @kernel PORT: READ_ONCE(f->dst)
 */
function read_once_dst(f: net_bridge_fdb_entry): net_bridge_port | null {
	return f.dst;
}

/**
 * One step of the forward path: this bridge, then the port behind which the station is. VLAN 0 is looked up
 * whatever the bridge filters (v3: S10); port state and isolation are not asked.
 * @returns 0; -1 when the bridge is a port itself, or does not know the station's port
 * @kernel net/bridge/br_device.c:406 patch 5/9
 */
function br_fill_forward_path(ctx: net_device_path_ctx, path: net_device_path): number {
	const dev = ctx.dev!;
	if (netif_is_bridge_port(dev)) return -1;
	const br = br_priv(dev);
	const f = br_fdb_find_rcu(br, ctx.daddr, 0, 0);
	if (f === null || f.dst === null) return -1;
	/* v3: S03 - the port is read again after the test. Here only a test comes between; C would follow NULL. */
	const dst = read_once_dst(f);
	if (dst === null) {
		dev.machine.record('BUG', 'br_fill_forward_path', 'the port of the entry is NULL at its use');
		return -1;
	}
	path.type = DEV_PATH_BRIDGE;
	path.dev = dst.br.dev;
	ctx.dev = dst.dev;
	return 0;
}

const br_ethtool_ops: ethtool_ops = {
	get_drvinfo: br_getinfo,
	get_link: ethtool_op_get_link,
	get_link_ksettings: br_get_link_ksettings,
};

/** Operations of a bridge but for its netlink, which net/bridge/br_netlink.ts adds. */
export const br_netdev_ops: net_device_ops = {
	ndo_open: br_dev_open,
	ndo_stop: br_dev_stop,
	ndo_init: br_dev_init,
	ndo_uninit: br_dev_uninit,
	ndo_start_xmit: br_dev_xmit,
	ndo_get_stats64: br_get_stats64,
	ndo_set_mac_address: br_set_mac_address,
	ndo_set_rx_mode: br_dev_set_multicast_list,
	ndo_change_rx_flags: br_dev_change_rx_flags,
	ndo_change_mtu: br_change_mtu,
	ndo_add_slave: br_add_slave,
	ndo_del_slave: br_del_slave,
	ndo_fix_features: br_fix_features,
	ndo_fdb_add: br_fdb_add,
	ndo_fdb_del: br_fdb_delete,
	ndo_fdb_dump: br_fdb_dump,
	ndo_fdb_get: br_fdb_get,
	ndo_features_check: passthru_features_check,
	ndo_fill_forward_path: br_fill_forward_path,
};

/**
 * Fills what a bridge is.
 * @kernel net/bridge/br_device.c:441 (v5.10)
 */
export function br_dev_setup(dev: net_device): void {
	const br = new net_bridge(dev, HZ);
	dev.priv = br;
	eth_hw_addr_random(dev);
	ether_setup(dev);
	dev.netdev_ops = br_netdev_ops;
	dev.ethtool_ops = br_ethtool_ops;
	dev.priv_flags = IFF_EBRIDGE | IFF_NO_QUEUE;
	dev.features =
		COMMON_FEATURES |
		NETIF_F_LLTX |
		NETIF_F_NETNS_LOCAL |
		NETIF_F_HW_VLAN_CTAG_TX |
		NETIF_F_HW_VLAN_STAG_TX;
	dev.hw_features = COMMON_FEATURES | NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_STAG_TX;
	dev.vlan_features = COMMON_FEATURES;
	dev.max_mtu = ETH_MAX_MTU;
	br_multicast_init(br);
	br.gc_work = new delayed_work(dev.machine, () => {
		br_fdb_cleanup(br);
	});
}
