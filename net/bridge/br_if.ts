// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/bridge/br_if.c, base v5.10: ports join and leave.
 *
 * Promiscuity of ports stands in br_vlan.ts.
 * Not ported: sysfs, netpoll, DSA, the old ioctls.
 */
import {
	__ethtool_get_link_ksettings,
	ethtool_link_ksettings,
	SPEED_10,
	SPEED_100,
	SPEED_1000,
	SPEED_10000,
} from '../../include/linux/ethtool.ts';
import { is_valid_ether_addr } from '../../include/linux/etherdevice.ts';
import { call_rcu } from '../../include/linux/machine.ts';
import {
	dev_hold,
	dev_put,
	IFF_BRIDGE_PORT,
	IFF_DONT_BRIDGE,
	NET_ADDR_SET,
	type net_device,
	NETDEV_CHANGEADDR,
	NETDEV_JOIN,
	netif_is_bridge_master,
	netif_oper_up,
	netif_running,
} from '../../include/linux/netdevice.ts';
import { NETIF_F_ALL_TSO, NETIF_F_ONE_FOR_ALL } from '../../include/linux/netdev_features.ts';
import { cancel_delayed_work_sync } from '../../include/linux/workqueue.ts';
import { BR_TOPOLOGY_ISOLATED, BR_TOPOLOGY_LEFT } from '../../include/net/br_topology.ts';
import type { netlink_ext_ack } from '../../include/net/netlink.ts';
import { ARPHRD_ETHER, IFF_LOOPBACK, IFF_UP } from '../../include/uapi/linux/if.ts';
import { ETH_ALEN, ETH_DATA_LEN } from '../../include/uapi/linux/if_ether.ts';
import { BR_STATE_DISABLED } from '../../include/uapi/linux/if_bridge.ts';
import { EBUSY, EINVAL, ELOOP, ENOENT, EOPNOTSUPP } from '../../include/uapi/linux/errno.ts';
import {
	call_netdevice_notifiers,
	dev_pre_changeaddr_notify,
	dev_set_allmulti,
	dev_set_mtu,
	dev_set_promiscuity,
	netdev_increment_features,
	netdev_master_upper_dev_get,
	netdev_master_upper_dev_link,
	netdev_rx_handler_register,
	netdev_rx_handler_unregister,
	netdev_update_features,
	netdev_upper_dev_unlink,
	unregister_netdevice_queue,
} from '../core/dev.ts';
import { br_fdb_delete_by_port, br_fdb_insert, br_fdb_unsync_static } from './br_fdb.ts';
import { br_handle_frame } from './br_input.ts';
import { br_multicast_add_port, br_multicast_del_port } from './br_multicast.ts';
import {
	BR_ADMIN_COST,
	BR_AUTO_MASK,
	br_auto_port,
	BR_BCAST_FLOOD,
	BR_FLOOD,
	BR_ISOLATED,
	BR_LEARNING,
	BR_MAX_PORTS,
	BR_MCAST_FLOOD,
	br_port_get_rtnl,
	br_priv,
	br_promisc_port,
	type net_bridge,
	net_bridge_port,
} from './br_private.ts';
import { br_set_state } from './br_stp.ts';
import {
	br_init_port,
	br_stp_disable_port,
	br_stp_enable_port,
	br_stp_recalculate_bridge_id,
} from './br_stp_if.ts';
import { br_topology_port } from './br_topology.ts';
import { br_manage_promisc, nbp_vlan_flush, nbp_vlan_init } from './br_vlan.ts';

const EXFULL = 54;
const GSO_MAX_SIZE = 65536;
const GSO_MAX_SEGS = 65535;

/**
 * Cost of a port by the speed of its link.
 * @kernel net/bridge/br_if.c:35 (v5.10)
 */
function port_cost(dev: net_device): number {
	const ecmd = new ethtool_link_ksettings();

	if (__ethtool_get_link_ksettings(dev, ecmd) === 0) {
		switch (ecmd.speed) {
			case SPEED_10000:
				return 2;
			case SPEED_1000:
				return 4;
			case SPEED_100:
				return 19;
			case SPEED_10:
				return 100;
		}
	}

	if (dev.name.startsWith('lec')) return 7;

	if (dev.name.startsWith('plip')) return 2500;

	return 100;
}

/**
 * Follows a port's carrier.
 * @kernel net/bridge/br_if.c:64 (v5.10)
 */
export function br_port_carrier_check(p: net_bridge_port): void {
	const { dev, br } = p;
	const up = netif_running(dev) && netif_oper_up(dev);
	if ((p.flags & BR_ADMIN_COST) === 0 && up) p.path_cost = port_cost(dev);
	if (!netif_running(br.dev)) return;
	if (up) {
		if (p.state === BR_STATE_DISABLED) br_stp_enable_port(p);
	} else if (p.state !== BR_STATE_DISABLED) {
		br_stp_disable_port(p);
	}
}

/**
 * Sets or clears the port that stands in for another without carrier.
 * @returns 0, -ENOENT, -EINVAL
 * @kernel net/bridge/br_if.c:169 (v5.10)
 */
export function nbp_backup_change(p: net_bridge_port, backup_dev: net_device | null): number {
	let backup_p: net_bridge_port | null = null;
	if (backup_dev !== null) {
		backup_p = br_port_get_rtnl(backup_dev);
		if (backup_p === null) return -ENOENT;
		if (backup_p.br !== p.br) return -EINVAL;
	}
	if (p === backup_p) return -EINVAL;
	const old_backup = p.backup_port;
	if (old_backup === backup_p) return 0;
	if (old_backup !== null) old_backup.backup_redirected_cnt--;
	if (backup_p !== null) backup_p.backup_redirected_cnt++;
	p.backup_port = backup_p;
	return 0;
}

/**
 * Ends a port's part in backups.
 * @kernel net/bridge/br_if.c:203 (v5.10)
 */
function nbp_backup_clear(p: net_bridge_port): void {
	nbp_backup_change(p, null);
	if (p.backup_redirected_cnt !== 0)
		for (const cur_p of p.br.port_list) if (cur_p.backup_port === p) nbp_backup_change(cur_p, null);
}

/**
 * Counts the ports that learn and flood.
 * @kernel net/bridge/br_if.c:221 (v5.10)
 */
function nbp_update_port_count(br: net_bridge): void {
	let cnt = 0;
	for (const p of br.port_list) if (br_auto_port(p)) cnt++;
	if (br.auto_cnt !== cnt) {
		br.auto_cnt = cnt;
		br_manage_promisc(br);
	}
}

/**
 * Takes back what a port asked of its device.
 * @kernel net/bridge/br_if.c:236 (v5.10)
 */
function nbp_delete_promisc(p: net_bridge_port): void {
	dev_set_allmulti(p.dev, -1);
	if (br_promisc_port(p)) dev_set_promiscuity(p.dev, -1);
	else br_fdb_unsync_static(p.br, p);
}

/**
 * Takes a port out of its bridge.
 * @kernel net/bridge/br_if.c:323 (v5.10)
 */
function del_nbp(p: net_bridge_port): void {
	const { br, dev } = p;
	/* PORT: whoever caches ways through the bridge. */
	br_topology_port(p, BR_TOPOLOGY_LEFT);
	nbp_delete_promisc(p);
	br_stp_disable_port(p);
	br.port_list.splice(br.port_list.indexOf(p), 1);
	nbp_vlan_flush(p);
	br_fdb_delete_by_port(br, p, 0, true);
	nbp_backup_clear(p);
	nbp_update_port_count(br);
	netdev_upper_dev_unlink(dev, br.dev);
	dev.priv_flags &= ~IFF_BRIDGE_PORT;
	netdev_rx_handler_unregister(dev);
	br_multicast_del_port(p);
	call_rcu(br.machine, () => {
		dev_put(dev);
	});
}

/**
 * Takes a bridge out of the system.
 * @param head list of devices to unregister together, or null for at once
 * @kernel net/bridge/br_if.c:369 (v5.10)
 */
export function br_dev_delete(dev: net_device, head: net_device[] | null): void {
	const br = br_priv(dev);
	for (const p of br.port_list.slice()) del_nbp(p);
	br_fdb_delete_by_port(br, null, 0, true);
	cancel_delayed_work_sync(br.gc_work!);
	unregister_netdevice_queue(br.dev, head);
}

/**
 * Finds a free port number.
 * @returns the number or -EXFULL
 * @kernel net/bridge/br_if.c:389 (v5.10)
 */
function find_portno(br: net_bridge): number {
	const inuse = new Set(br.port_list.map((p) => p.port_no));
	for (let index = 1; index < BR_MAX_PORTS; index++) if (!inuse.has(index)) return index;
	return -EXFULL;
}

/**
 * Makes a port.
 * @returns the port or a negative errno
 * @kernel net/bridge/br_if.c:410 (v5.10)
 */
function new_nbp(br: net_bridge, dev: net_device): net_bridge_port | number {
	const index = find_portno(br);
	if (index < 0) return index;
	const p = new net_bridge_port(br, dev);
	dev_hold(dev);
	p.path_cost = port_cost(dev);
	p.port_no = index;
	p.flags = BR_LEARNING | BR_FLOOD | BR_MCAST_FLOOD | BR_BCAST_FLOOD;
	br_init_port(p);
	br_set_state(p, BR_STATE_DISABLED);
	br_multicast_add_port(p);
	return p;
}

/**
 * Smallest MTU of the ports.
 * @kernel net/bridge/br_if.c:492 (v5.10)
 */
function br_mtu_min(br: net_bridge): number {
	let ret_mtu = 0;
	for (const p of br.port_list) if (ret_mtu === 0 || ret_mtu > p.dev.mtu) ret_mtu = p.dev.mtu;
	return ret_mtu !== 0 ? ret_mtu : ETH_DATA_LEN;
}

/**
 * Gives a bridge the smallest MTU of its ports, unless the user chose one.
 * @kernel net/bridge/br_if.c:504 (v5.10)
 */
export function br_mtu_auto_adjust(br: net_bridge): void {
	if (br.mtu_set_by_user) return;
	dev_set_mtu(br.dev, br_mtu_min(br));
	br.mtu_set_by_user = false;
}

/**
 * Gives a bridge the smallest GSO limits of its ports.
 * @kernel net/bridge/br_if.c:519 (v5.10)
 */
function br_set_gso_limits(br: net_bridge): void {
	let gso_max_size = GSO_MAX_SIZE;
	let gso_max_segs = GSO_MAX_SEGS;
	for (const p of br.port_list) {
		gso_max_size = Math.min(gso_max_size, p.dev.gso_max_size);
		gso_max_segs = Math.min(gso_max_segs, p.dev.gso_max_segs);
	}
	br.dev.gso_max_size = gso_max_size;
	br.dev.gso_max_segs = gso_max_segs;
}

/**
 * Features that a bridge has by its ports.
 * @kernel net/bridge/br_if.c:536 (v5.10)
 */
export function br_features_recompute(br: net_bridge, features: number): number {
	if (br.port_list.length === 0) return features;
	const mask = features;
	features &= ~NETIF_F_ONE_FOR_ALL;
	for (const p of br.port_list)
		features = netdev_increment_features(features, p.dev.features, mask);
	return netdev_increment_features(features, NETIF_F_ALL_TSO, mask);
}

/**
 * Adds a port.
 * @returns 0, -EINVAL, -ELOOP, -EBUSY, -EOPNOTSUPP or another negative errno
 * @kernel net/bridge/br_if.c:558 (v5.10)
 */
export function br_add_if(
	br: net_bridge,
	dev: net_device,
	extack: netlink_ext_ack | null,
): number {
	if (
		(dev.flags & IFF_LOOPBACK) !== 0 ||
		dev.type !== ARPHRD_ETHER ||
		dev.addr_len !== ETH_ALEN ||
		!is_valid_ether_addr(dev.dev_addr)
	)
		return -EINVAL;
	if (netif_is_bridge_master(dev)) {
		if (extack !== null) extack._msg = 'Can not enslave a bridge to a bridge';
		return -ELOOP;
	}
	if (netdev_master_upper_dev_get(dev) !== null) return -EBUSY;
	if ((dev.priv_flags & IFF_DONT_BRIDGE) !== 0) {
		if (extack !== null) extack._msg = 'Device does not allow enslaving to a bridge';
		return -EOPNOTSUPP;
	}
	const p = new_nbp(br, dev);
	if (typeof p === 'number') return p;
	call_netdevice_notifiers(NETDEV_JOIN, dev);
	let err = 0;
	err1: {
		err = dev_set_allmulti(dev, 1);
		if (err !== 0) break err1;
		err2: {
			err = netdev_rx_handler_register(dev, br_handle_frame, p);
			if (err !== 0) break err2;
			dev.priv_flags |= IFF_BRIDGE_PORT;
			err5: {
				err = netdev_master_upper_dev_link(dev, br.dev, null, null, extack);
				if (err !== 0) break err5;
				err7: {
					br.port_list.unshift(p);
					nbp_update_port_count(br);
					netdev_update_features(br.dev);
					if (br_fdb_insert(br, p, dev.dev_addr, 0) !== 0)
						br.machine.printk(
							`${dev.name}: failed insert local address bridge forwarding table`,
						);
					if (br.dev.addr_assign_type !== NET_ADDR_SET) {
						err = dev_pre_changeaddr_notify(br.dev, dev.dev_addr);
						if (err !== 0) break err7;
					}
					err = nbp_vlan_init(p, extack);
					if (err !== 0) break err7;
					const changed_addr = br_stp_recalculate_bridge_id(br);
					if (netif_running(dev) && netif_oper_up(dev) && (br.dev.flags & IFF_UP) !== 0)
						br_stp_enable_port(p);
					if (changed_addr) call_netdevice_notifiers(NETDEV_CHANGEADDR, br.dev);
					br_mtu_auto_adjust(br);
					br_set_gso_limits(br);
					return 0;
				}
				br.port_list.splice(br.port_list.indexOf(p), 1);
				br_fdb_delete_by_port(br, p, 0, true);
				nbp_update_port_count(br);
				netdev_upper_dev_unlink(dev, br.dev);
			}
			dev.priv_flags &= ~IFF_BRIDGE_PORT;
			netdev_rx_handler_unregister(dev);
		}
		dev_set_allmulti(dev, -1);
	}
	dev_put(dev);
	return err;
}

/**
 * Removes a port.
 * @returns 0 or -EINVAL
 * @kernel net/bridge/br_if.c:724 (v5.10)
 */
export function br_del_if(br: net_bridge, dev: net_device): number {
	const p = br_port_get_rtnl(dev);
	if (p === null || p.br !== br) return -EINVAL;
	del_nbp(p);
	br_mtu_auto_adjust(br);
	br_set_gso_limits(br);
	if (br_stp_recalculate_bridge_id(br)) call_netdevice_notifiers(NETDEV_CHANGEADDR, br.dev);
	netdev_update_features(br.dev);
	return 0;
}

/**
 * Follows changed flags of a port.
 * @param mask flags that changed
 * @kernel net/bridge/br_if.c:754 (v5.10)
 */
export function br_port_flags_change(p: net_bridge_port, mask: number): void {
	if ((mask & BR_AUTO_MASK) !== 0) nbp_update_port_count(p.br);
	/* PORT: whoever caches ways through the bridge. */
	if ((mask & BR_ISOLATED) !== 0) br_topology_port(p, BR_TOPOLOGY_ISOLATED);
}

/**
 * Tells whether a port has a flag.
 * @kernel net/bridge/br_if.c:765 (v5.10)
 */
export function br_port_flag_is_set(dev: net_device, flag: number): boolean {
	const p = br_port_get_rtnl(dev);
	return p !== null && (p.flags & flag) !== 0;
}
