// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/8021q/vlan.c and net/8021q/vlan.h, base v5.10: VLAN devices as a group on their real device.
 *
 * PORT: the group is a map from tag type and id to the device.
 * Not ported: GVRP and MVRP, the ioctl (ip speaks rtnetlink), /proc/net/vlan, hardware filters: no device
 * of this world filters tags.
 */
import type { Machine } from '../../include/linux/machine.ts';
import type { notifier_block } from '../../include/linux/notifier.ts';
import {
	dev_hold,
	dev_put,
	IFF_XMIT_DST_RELEASE,
	NET_ADDR_STOLEN,

	type net_device,
	NETDEV_CHANGE,
	NETDEV_CHANGEADDR,
	NETDEV_CHANGEMTU,
	NETDEV_DOWN,
	NETDEV_FEAT_CHANGE,
	type netdev_notifier_info,
	NETDEV_NOTIFY_PEERS,
	NETDEV_PRE_TYPE_CHANGE,
	NETDEV_UNREGISTER,
	NETDEV_UP,
	NETREG_UNREGISTERING,
} from '../../include/linux/netdevice.ts';
import { NOTIFY_BAD, NOTIFY_DONE } from '../../include/linux/notifier.ts';
import { NETIF_F_VLAN_CHALLENGED } from '../../include/linux/netdev_features.ts';
import {
	VLAN_FLAG_BRIDGE_BINDING,
	VLAN_FLAG_LOOSE_BINDING,
	VLAN_HLEN,
	type vlan_dev_priv,
	vlan_dev_priv_of,
} from '../../include/linux/if_vlan.ts';
import { ether_addr_copy, ether_addr_equal } from '../../include/linux/etherdevice.ts';
import type { netlink_ext_ack } from '../../include/net/netlink.ts';
import type { __be16, u16 } from '../../include/linux/types.ts';
import { IFF_UP } from '../../include/uapi/linux/if.ts';
import { EEXIST, EOPNOTSUPP } from '../../include/uapi/linux/errno.ts';
import { dev_uc_add, dev_uc_del } from '../core/dev_addr_lists.ts';
import {
	call_netdevice_notifiers,
	dev_change_flags,
	dev_close_many,
	dev_get_flags,
	dev_set_mtu,
	netdev_update_features,
	netdev_upper_dev_link,
	netdev_upper_dev_unlink,
	netif_stacked_transfer_operstate,
	register_netdevice,
	register_netdevice_notifier,
	unregister_netdevice,
	unregister_netdevice_many,
	unregister_netdevice_queue,
	vlan_hw_offload_capable,
} from '../core/dev.ts';
import { linkwatch_fire_event } from '../core/link_watch.ts';
import { netif_carrier_off, netif_carrier_on } from '../sched/sch_generic.ts';

/** VLAN devices of a real device; the key is the tag ethertype times 4096 plus the id. */
export class vlan_group {
	nr_vlan_devs = 0;
	readonly vlan_devices = new Map<number, net_device>();
}

/** What a real device keeps when VLANs are on it. */
export class vlan_info {
	readonly real_dev: net_device;
	readonly grp = new vlan_group();
	/** References by tag ethertype and id, keyed as in the group. */
	readonly vid_list = new Map<number, number>();
	nr_vids = 0;

	constructor(real_dev: net_device) {
		this.real_dev = real_dev;
	}
}

/**
 * Key of a tag in a group.
 * @kernel PORT: two array indices in C, net/8021q/vlan.h:47
 */
export function vlan_key(vlan_proto: __be16, vlan_id: u16): number {
	return vlan_proto * 4096 + vlan_id;
}

/**
 * Counts a reference to a tag on a real device; the first makes its vlan_info.
 * @returns 0
 * @kernel net/8021q/vlan_core.c:317 (v5.10)
 */
export function vlan_vid_add(dev: net_device, proto: __be16, vid: u16): number {
	const info = (dev.vlan_info ??= new vlan_info(dev));
	const key = vlan_key(proto, vid);
	const refcount = info.vid_list.get(key) ?? 0;
	if (refcount === 0) info.nr_vids++;
	info.vid_list.set(key, refcount + 1);
	return 0;
}

/**
 * Drops a reference to a tag on a real device; the last one ends its vlan_info.
 * @kernel net/8021q/vlan_core.c:370 (v5.10)
 */
export function vlan_vid_del(dev: net_device, proto: __be16, vid: u16): void {
	const info = dev.vlan_info;
	if (info === null) return;
	const key = vlan_key(proto, vid);
	const refcount = info.vid_list.get(key);
	if (refcount === undefined) return;
	if (refcount > 1) {
		info.vid_list.set(key, refcount - 1);
		return;
	}
	info.vid_list.delete(key);
	if (--info.nr_vids === 0) dev.vlan_info = null;
}

/**
 * Tells whether a device has VLAN devices.
 * @kernel net/8021q/vlan_core.c:443 (v5.10)
 */
export function vlan_uses_dev(dev: net_device): boolean {
	return dev.vlan_info !== null && dev.vlan_info.grp.nr_vlan_devs !== 0;
}

/**
 * Takes over the carrier of the real device.
 * @kernel net/8021q/vlan.c:78 (v5.10)
 */
function vlan_stacked_transfer_operstate(
	rootdev: net_device,
	dev: net_device,
	vlan: vlan_dev_priv,
): void {
	if ((vlan.flags & VLAN_FLAG_BRIDGE_BINDING) !== 0) return;
	netif_stacked_transfer_operstate(rootdev, dev, (d, on) => {
		if (on) netif_carrier_on(d);
		else netif_carrier_off(d);
	});
}

/**
 * Takes a VLAN device off its real device and out of the system.
 * @param head list of devices to unregister together, or null for at once
 * @kernel net/8021q/vlan.c:86 (v5.10)
 */
export function unregister_vlan_dev(dev: net_device, head: net_device[] | null): void {
	const vlan = vlan_dev_priv_of(dev);
	const { real_dev, vlan_id } = vlan;
	const grp = real_dev.vlan_info!.grp;
	grp.nr_vlan_devs--;
	vlan_group_set_device(grp, vlan.vlan_proto, vlan_id, null);
	netdev_upper_dev_unlink(real_dev, dev);
	unregister_netdevice_queue(dev, head);
	vlan_vid_del(real_dev, vlan.vlan_proto, vlan_id);
	dev_put(real_dev);
}

/**
 * Tells whether a tag can be put on a device.
 * @returns 0, -EOPNOTSUPP, or -EEXIST
 * @kernel net/8021q/vlan.c:128 (v5.10)
 */
export function vlan_check_real_dev(
	real_dev: net_device,
	protocol: __be16,
	vlan_id: u16,
	extack: netlink_ext_ack | null,
): number {
	if ((real_dev.features & NETIF_F_VLAN_CHALLENGED) !== 0) {
		real_dev.machine.printk(`8021q: VLANs not supported on ${real_dev.name}`);
		if (extack !== null) extack._msg = '8021q: VLANs not supported on device';
		return -EOPNOTSUPP;
	}
	if (vlan_find_dev(real_dev, protocol, vlan_id) !== null) {
		if (extack !== null) extack._msg = '8021q: VLAN device already exists';
		return -EEXIST;
	}
	return 0;
}

/**
 * Brings a VLAN device into the system and onto its real device.
 * @returns 0 or a negative errno
 * @kernel net/8021q/vlan.c:148 (v5.10)
 */
export function register_vlan_dev(dev: net_device, extack: netlink_ext_ack | null): number {
	const vlan = vlan_dev_priv_of(dev);
	const { real_dev, vlan_id } = vlan;
	let err = vlan_vid_add(real_dev, vlan.vlan_proto, vlan_id);
	if (err !== 0) return err;
	out_vid_del: {
		err = register_netdevice(dev);
		if (err < 0) break out_vid_del;
		err = netdev_upper_dev_link(real_dev, dev, extack);
		if (err !== 0) {
			unregister_netdevice(dev);
			break out_vid_del;
		}
		dev_hold(real_dev);
		vlan_stacked_transfer_operstate(real_dev, dev, vlan);
		linkwatch_fire_event(dev);
		const grp = real_dev.vlan_info!.grp;
		vlan_group_set_device(grp, vlan.vlan_proto, vlan_id, dev);
		grp.nr_vlan_devs++;
		return 0;
	}
	vlan_vid_del(real_dev, vlan.vlan_proto, vlan_id);
	return err;
}

/**
 * Follows a new address of the real device.
 * @kernel net/8021q/vlan.c:293 (v5.10)
 */
function vlan_sync_address(dev: net_device, vlandev: net_device): void {
	const vlan = vlan_dev_priv_of(vlandev);
	const old = vlan.real_dev_addr;
	if (ether_addr_equal(old, 0, dev.dev_addr, 0)) return;
	if (!vlan_dev_inherit_address(vlandev, dev)) {
		const was = ether_addr_equal(vlandev.dev_addr, 0, old, 0);
		const is = ether_addr_equal(vlandev.dev_addr, 0, dev.dev_addr, 0);
		if (!was && is) dev_uc_del(dev, vlandev.dev_addr);
		if (was && !is) dev_uc_add(dev, vlandev.dev_addr);
	}
	ether_addr_copy(old, 0, dev.dev_addr, 0);
}

/**
 * Takes over the real device's address while the VLAN device has none of its own.
 * @returns whether it was taken over
 * @kernel net/8021q/vlan_dev.c:247 (v5.10)
 */
export function vlan_dev_inherit_address(dev: net_device, real_dev: net_device): boolean {
	if (dev.addr_assign_type !== NET_ADDR_STOLEN) return false;
	ether_addr_copy(dev.dev_addr, 0, real_dev.dev_addr, 0);
	call_netdevice_notifiers(NETDEV_CHANGEADDR, dev);
	return true;
}

/**
 * Follows new features of the real device.
 * @kernel net/8021q/vlan.c:322 (v5.10)
 */
function vlan_transfer_features(dev: net_device, vlandev: net_device): void {
	const vlan = vlan_dev_priv_of(vlandev);
	vlandev.gso_max_size = dev.gso_max_size;
	vlandev.gso_max_segs = dev.gso_max_segs;
	vlandev.hard_header_len = vlan_hw_offload_capable(dev.features, vlan.vlan_proto)
		? dev.hard_header_len
		: dev.hard_header_len + VLAN_HLEN;
	vlandev.priv_flags &= ~IFF_XMIT_DST_RELEASE;
	vlandev.priv_flags |= vlan.real_dev.priv_flags & IFF_XMIT_DST_RELEASE;
	netdev_update_features(vlandev);
}

/**
 * Makes VLAN devices follow what happens to their real device.
 * @returns NOTIFY_DONE, or NOTIFY_BAD to forbid a change of type
 * @kernel net/8021q/vlan.c:366 (v5.10)
 */
function vlan_device_event(event: number, info: netdev_notifier_info): number {
	const { dev } = info;
	const vi = dev.vlan_info;
	if (vi === null) return NOTIFY_DONE;
	const vlandevs = [...vi.grp.vlan_devices.values()];
	switch (event) {
		case NETDEV_CHANGE:
			for (const v of vlandevs) vlan_stacked_transfer_operstate(dev, v, vlan_dev_priv_of(v));
			break;
		case NETDEV_CHANGEADDR:
			for (const v of vlandevs) if ((v.flags & IFF_UP) !== 0) vlan_sync_address(dev, v);
			break;
		case NETDEV_CHANGEMTU:
			for (const v of vlandevs) if (v.mtu > dev.mtu) dev_set_mtu(v, dev.mtu);
			break;
		case NETDEV_FEAT_CHANGE:
			for (const v of vlandevs) vlan_transfer_features(dev, v);
			break;
		case NETDEV_DOWN: {
			const close_list = vlandevs.filter(
				(v) =>
					(v.flags & IFF_UP) !== 0 &&
					(vlan_dev_priv_of(v).flags & VLAN_FLAG_LOOSE_BINDING) === 0,
			);
			dev_close_many(close_list);
			for (const v of close_list) vlan_stacked_transfer_operstate(dev, v, vlan_dev_priv_of(v));
			break;
		}
		case NETDEV_UP:
			for (const v of vlandevs) {
				const flgs = dev_get_flags(v);
				if ((flgs & IFF_UP) !== 0) continue;
				const vlan = vlan_dev_priv_of(v);
				if ((vlan.flags & VLAN_FLAG_LOOSE_BINDING) === 0)
					dev_change_flags(v, flgs | IFF_UP, info.extack);
				vlan_stacked_transfer_operstate(dev, v, vlan);
			}
			break;
		case NETDEV_UNREGISTER: {
			/* A device that only moves to another namespace keeps its VLANs. */
			if (dev.reg_state !== NETREG_UNREGISTERING) break;
			const list: net_device[] = [];
			for (const v of vlandevs) unregister_vlan_dev(v, list);
			unregister_netdevice_many(list);
			break;
		}
		case NETDEV_PRE_TYPE_CHANGE:
			if (vlan_uses_dev(dev)) return NOTIFY_BAD;
			break;
		case NETDEV_NOTIFY_PEERS:
			for (const v of vlandevs) call_netdevice_notifiers(event, v);
			break;
	}
	return NOTIFY_DONE;
}

const vlan_notifier_block: notifier_block<netdev_notifier_info> = {
	notifier_call: vlan_device_event,
	priority: 0,
};

/**
 * Starts VLAN support. The link kind registers by vlan_netlink_init(), the receive side by
 * vlan_core_init().
 * @returns 0 or a negative errno
 * @kernel net/8021q/vlan.c:687 (v5.10)
 */
export function vlan_proto_init(m: Machine): number {
	return register_netdevice_notifier(m, vlan_notifier_block);
}

/**
 * VLAN device of a tag in a group, or null.
 * @kernel net/8021q/vlan.h:63 (v5.10)
 */
export function vlan_group_get_device(
	vg: vlan_group,
	vlan_proto: __be16,
	vlan_id: u16,
): net_device | null {
	return vg.vlan_devices.get(vlan_key(vlan_proto, vlan_id)) ?? null;
}

/**
 * Enters a VLAN device into a group, or takes it out.
 * @kernel net/8021q/vlan.h:75 (v5.10)
 */
function vlan_group_set_device(
	vg: vlan_group,
	vlan_proto: __be16,
	vlan_id: u16,
	dev: net_device | null,
): void {
	if (dev === null) vg.vlan_devices.delete(vlan_key(vlan_proto, vlan_id));
	else vg.vlan_devices.set(vlan_key(vlan_proto, vlan_id), dev);
}

/**
 * VLAN device of a tag on a real device, or null.
 * @kernel net/8021q/vlan.h:90 (v5.10)
 */
export function vlan_find_dev(
	real_dev: net_device,
	vlan_proto: __be16,
	vlan_id: u16,
): net_device | null {
	const { vlan_info } = real_dev;
	return vlan_info === null ? null : vlan_group_get_device(vlan_info.grp, vlan_proto, vlan_id);
}
