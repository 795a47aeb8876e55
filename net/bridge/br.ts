// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/bridge/br.c, base v5.10: bridges follow what happens to their ports.
 *
 * Not ported: switchdev events, options beyond br_private.ts, the STP protocol handler.
 */
import type { Machine } from '../../include/linux/machine.ts';
import {
	NET_ADDR_SET,
	NETDEV_CHANGE,
	NETDEV_CHANGEADDR,
	NETDEV_CHANGEMTU,
	NETDEV_DOWN,
	NETDEV_FEAT_CHANGE,
	type netdev_notifier_info,
	netdev_notifier_pre_changeaddr_info,
	NETDEV_PRE_CHANGEADDR,
	NETDEV_PRE_TYPE_CHANGE,
	NETDEV_REGISTER,
	NETDEV_UNREGISTER,
	NETDEV_UP,
	netif_is_bridge_master,
	netif_oper_up,
	netif_running,
} from '../../include/linux/netdevice.ts';
import { NOTIFY_BAD, NOTIFY_DONE, notifier_from_errno } from '../../include/linux/notifier.ts';
import { IFF_UP } from '../../include/uapi/linux/if.ts';
import {
	call_netdevice_notifiers,
	dev_pre_changeaddr_notify,
	netdev_update_features,
	register_netdevice_notifier,
} from '../core/dev.ts';
import { br_fdb_changeaddr } from './br_fdb.ts';
import { br_del_if, br_mtu_auto_adjust, br_port_carrier_check } from './br_if.ts';
import { br_netlink_init } from './br_netlink.ts';
import { br_port_get_rtnl } from './br_private.ts';
import { br_stp_disable_port, br_stp_enable_port, br_stp_recalculate_bridge_id } from './br_stp_if.ts';
import { br_vlan_bridge_event, br_vlan_port_event } from './br_vlan.ts';

/**
 * Handles an event of a bridge or port.
 * @returns NOTIFY_DONE, or a refusal
 * @kernel net/bridge/br.c:28 (v5.10)
 */
function br_device_event(event: number, info: netdev_notifier_info): number {
	const { dev } = info;
	if (netif_is_bridge_master(dev)) {
		const err = br_vlan_bridge_event(dev, event, info);
		if (err !== 0) return notifier_from_errno(err);
		if (event === NETDEV_REGISTER) return NOTIFY_DONE;
	}
	const p = br_port_get_rtnl(dev);
	if (p === null) return NOTIFY_DONE;
	const { br } = p;
	switch (event) {
		case NETDEV_CHANGEMTU:
			br_mtu_auto_adjust(br);
			break;
		case NETDEV_PRE_CHANGEADDR: {
			if (br.dev.addr_assign_type === NET_ADDR_SET) break;
			if (!(info instanceof netdev_notifier_pre_changeaddr_info)) break;
			const err = dev_pre_changeaddr_notify(br.dev, info.dev_addr);
			if (err !== 0) return notifier_from_errno(err);
			break;
		}
		case NETDEV_CHANGEADDR:
			br_fdb_changeaddr(p, dev.dev_addr);
			if (br_stp_recalculate_bridge_id(br)) call_netdevice_notifiers(NETDEV_CHANGEADDR, br.dev);
			break;
		case NETDEV_CHANGE:
			br_port_carrier_check(p);
			break;
		case NETDEV_FEAT_CHANGE:
			netdev_update_features(br.dev);
			break;
		case NETDEV_DOWN:
			if ((br.dev.flags & IFF_UP) !== 0) br_stp_disable_port(p);
			break;
		case NETDEV_UP:
			if (netif_running(br.dev) && netif_oper_up(dev)) br_stp_enable_port(p);
			break;
		case NETDEV_UNREGISTER:
			br_del_if(br, dev);
			break;
		case NETDEV_PRE_TYPE_CHANGE:
			return NOTIFY_BAD;
	}
	if (event !== NETDEV_UNREGISTER) br_vlan_port_event(p, event);
	return NOTIFY_DONE;
}

/**
 * Starts bridging on a machine.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br.c:316 (v5.10)
 */
export function br_init(m: Machine): number {
	const err = register_netdevice_notifier(m, { notifier_call: br_device_event, priority: 0 });
	if (err !== 0) return err;
	return br_netlink_init(m);
}
