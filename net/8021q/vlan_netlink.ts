// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/8021q/vlan_netlink.c, base v5.10: the link kind `vlan`.
 * PORT: a map of priorities is checked where it is set; messages have no size to be asked for beforehand
 * (vlan_validate_qos_map, vlan_qos_map_size, vlan_get_size, vlan_get_link_net).
 */
import type { Machine } from '../../include/linux/machine.ts';
import { IFF_XMIT_DST_RELEASE, type net_device } from '../../include/linux/netdevice.ts';
import { htons } from '../../include/linux/byteorder/generic.ts';
import { VLAN_FLAG_BRIDGE_BINDING, VLAN_FLAG_GVRP, VLAN_FLAG_LOOSE_BINDING, VLAN_FLAG_MVRP, VLAN_FLAG_REORDER_HDR, VLAN_VID_MASK, vlan_dev_priv, vlan_dev_priv_of } from '../../include/linux/if_vlan.ts';
import { is_valid_ether_addr } from '../../include/linux/etherdevice.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { netlink_ext_ack, nlattrs } from '../../include/net/netlink.ts';
import type { rtnl_link_ops } from '../../include/net/rtnetlink.ts';
import type { __be16 } from '../../include/linux/types.ts';
import { ETH_ALEN, ETH_P_8021AD, ETH_P_8021Q } from '../../include/uapi/linux/if_ether.ts';
import {
	IFLA_ADDRESS,
	IFLA_LINK,
	IFLA_MTU,
	IFLA_VLAN_EGRESS_QOS,
	IFLA_VLAN_FLAGS,
	IFLA_VLAN_ID,
	IFLA_VLAN_INGRESS_QOS,
	IFLA_VLAN_PROTOCOL,
} from '../../include/uapi/linux/if_link.ts';
import { EADDRNOTAVAIL, EINVAL, ENODEV, EPROTONOSUPPORT, ERANGE } from '../../include/uapi/linux/errno.ts';
import { __dev_get_by_index } from '../core/dev.ts';
import { rtnl_link_register } from '../core/rtnetlink.ts';
import { register_vlan_dev, unregister_vlan_dev, vlan_check_real_dev, vlan_proto_init } from './vlan.ts';
import { vlan_core_init } from './vlan_core.ts';
import {
	vlan_dev_change_flags,
	vlan_dev_set_egress_priority,
	vlan_dev_set_ingress_priority,
	vlan_dev_uninit,
	vlan_setup,
} from './vlan_dev.ts';

/* Keys inside IFLA_VLAN_FLAGS and the two QOS lists. PORT: structs of two integers in C. */
/** struct ifla_vlan_flags: flags */
export const IFLA_VLAN_FLAGS_flags = 1;
/** struct ifla_vlan_flags: mask */
export const IFLA_VLAN_FLAGS_mask = 2;
/** struct ifla_vlan_qos_mapping: from */
export const IFLA_VLAN_QOS_from = 1;
/** struct ifla_vlan_qos_mapping: to */
export const IFLA_VLAN_QOS_to = 2;

/**
 * Sets the message of a refusal.
 * @returns the errno
 * @kernel PORT: NL_SET_ERR_MSG_MOD of include/linux/netlink.h
 */
function refuse(extack: netlink_ext_ack | null, msg: string, errno: number): number {
	if (extack !== null) extack._msg = `8021q: ${msg}`;
	return -errno;
}

/**
 * Number under a key, 0 when absent.
 * @kernel PORT: nla_get_u16 and nla_get_u32 of include/net/netlink.h
 */
function num(tb: nlattrs | null | undefined, type: number): number {
	const v = tb?.get(type);
	return typeof v === 'number' ? v : 0;
}

/**
 * Checks a request to make or change a VLAN device.
 * @returns 0 or a negative errno
 * @kernel net/8021q/vlan_netlink.c:39 (v5.10)
 */
function vlan_validate(
	tb: nlattrs,
	data: nlattrs | null,
	extack: netlink_ext_ack | null,
): number {
	const addr = tb.get(IFLA_ADDRESS);
	if (addr instanceof Uint8Array) {
		if (addr.length !== ETH_ALEN) return refuse(extack, 'Invalid link address', EINVAL);
		if (!is_valid_ether_addr(addr)) return refuse(extack, 'Invalid link address', EADDRNOTAVAIL);
	}
	if (data === null) return refuse(extack, 'VLAN properties not specified', EINVAL);
	if (data.has(IFLA_VLAN_PROTOCOL)) {
		const proto = num(data, IFLA_VLAN_PROTOCOL);
		if (proto !== ETH_P_8021Q && proto !== ETH_P_8021AD)
			return refuse(extack, 'Invalid VLAN protocol', EPROTONOSUPPORT);
	}
	if (data.has(IFLA_VLAN_ID) && num(data, IFLA_VLAN_ID) >= VLAN_VID_MASK)
		return refuse(extack, 'Invalid VLAN id', ERANGE);
	const flags = data.get(IFLA_VLAN_FLAGS);
	if (flags instanceof Map) {
		const known =
			VLAN_FLAG_REORDER_HDR |
			VLAN_FLAG_GVRP |
			VLAN_FLAG_LOOSE_BINDING |
			VLAN_FLAG_MVRP |
			VLAN_FLAG_BRIDGE_BINDING;
		if ((num(flags, IFLA_VLAN_FLAGS_flags) & num(flags, IFLA_VLAN_FLAGS_mask) & ~known) !== 0)
			return refuse(extack, 'Invalid VLAN flags', EINVAL);
	}
	return 0;
}

/**
 * Changes flags and priority maps.
 * @returns 0 or a negative errno
 * @kernel net/8021q/vlan_netlink.c:104 (v5.10)
 */
function vlan_changelink(
	dev: net_device,
	_tb: nlattrs,
	data: nlattrs | null,
	_extack: netlink_ext_ack | null,
): number {
	if (data === null) return 0;
	const flags = data.get(IFLA_VLAN_FLAGS);
	if (flags instanceof Map) {
		const err = vlan_dev_change_flags(
			dev,
			num(flags, IFLA_VLAN_FLAGS_flags),
			num(flags, IFLA_VLAN_FLAGS_mask),
		);
		if (err !== 0) return err;
	}
	const ingress = data.get(IFLA_VLAN_INGRESS_QOS);
	if (Array.isArray(ingress))
		for (const m of ingress)
			vlan_dev_set_ingress_priority(dev, num(m, IFLA_VLAN_QOS_to), num(m, IFLA_VLAN_QOS_from));
	const egress = data.get(IFLA_VLAN_EGRESS_QOS);
	if (Array.isArray(egress))
		for (const m of egress) {
			const err = vlan_dev_set_egress_priority(
				dev,
				num(m, IFLA_VLAN_QOS_from),
				num(m, IFLA_VLAN_QOS_to),
			);
			if (err !== 0) return err;
		}
	return 0;
}

/**
 * Makes a VLAN device.
 * @returns 0 or a negative errno
 * @kernel net/8021q/vlan_netlink.c:136 (v5.10)
 */
function vlan_newlink(
	src_net: net,
	dev: net_device,
	tb: nlattrs,
	data: nlattrs | null,
	extack: netlink_ext_ack | null,
): number {
	if (data === null || !data.has(IFLA_VLAN_ID))
		return refuse(extack, 'VLAN id not specified', EINVAL);
	if (!tb.has(IFLA_LINK)) return refuse(extack, 'link not specified', EINVAL);
	const real_dev = __dev_get_by_index(src_net, num(tb, IFLA_LINK));
	if (real_dev === null) return refuse(extack, 'link does not exist', ENODEV);
	const proto: __be16 = data.has(IFLA_VLAN_PROTOCOL)
		? htons(num(data, IFLA_VLAN_PROTOCOL))
		: ETH_P_8021Q;
	const vlan = new vlan_dev_priv(real_dev, proto);
	dev.priv = vlan;
	vlan.vlan_id = num(data, IFLA_VLAN_ID);
	dev.priv_flags |= real_dev.priv_flags & IFF_XMIT_DST_RELEASE;
	vlan.flags = VLAN_FLAG_REORDER_HDR;
	let err = vlan_check_real_dev(real_dev, vlan.vlan_proto, vlan.vlan_id, extack);
	if (err < 0) return err;
	const max_mtu = real_dev.mtu;
	if (!tb.has(IFLA_MTU)) dev.mtu = max_mtu;
	else if (dev.mtu > max_mtu) return -EINVAL;
	err = vlan_changelink(dev, tb, data, extack);
	if (err === 0) err = register_vlan_dev(dev, extack);
	if (err !== 0) vlan_dev_uninit(dev);
	return err;
}

/**
 * Attributes that describe a VLAN device.
 * @kernel net/8021q/vlan_netlink.c:213 (v5.10)
 */
function vlan_fill_info(dev: net_device): nlattrs {
	const vlan = vlan_dev_priv_of(dev);
	const tb: nlattrs = new Map();
	tb.set(IFLA_VLAN_PROTOCOL, vlan.vlan_proto);
	tb.set(IFLA_VLAN_ID, vlan.vlan_id);
	if (vlan.flags !== 0)
		tb.set(
			IFLA_VLAN_FLAGS,
			new Map([
				[IFLA_VLAN_FLAGS_flags, vlan.flags],
				[IFLA_VLAN_FLAGS_mask, 0xffffffff],
			]),
		);
	if (vlan.nr_ingress_mappings !== 0) {
		const list: nlattrs[] = [];
		vlan.ingress_priority_map.forEach((to, from) => {
			if (to !== 0)
				list.push(
					new Map([
						[IFLA_VLAN_QOS_from, from],
						[IFLA_VLAN_QOS_to, to],
					]),
				);
		});
		tb.set(IFLA_VLAN_INGRESS_QOS, list);
	}
	if (vlan.nr_egress_mappings !== 0) {
		const list: nlattrs[] = [];
		for (const [from, qos] of [...vlan.egress_priority_map].sort((a, b) => (a[0] & 0xf) - (b[0] & 0xf)))
			if (qos !== 0)
				list.push(
					new Map([
						[IFLA_VLAN_QOS_from, from],
						[IFLA_VLAN_QOS_to, (qos >> 13) & 7],
					]),
				);
		tb.set(IFLA_VLAN_EGRESS_QOS, list);
	}
	return tb;
}

const vlan_link_ops: rtnl_link_ops = {
	kind: 'vlan',
	setup: vlan_setup,
	validate: vlan_validate,
	newlink: vlan_newlink,
	changelink: vlan_changelink,
	dellink: unregister_vlan_dev,
	fill_info: vlan_fill_info,
	get_link_net: (dev) => vlan_dev_priv_of(dev).real_dev.nd_net,
};

/**
 * Registers the link kind.
 * @returns 0 or a negative errno
 * @kernel net/8021q/vlan_netlink.c:297 (v5.10)
 */
export function vlan_netlink_init(m: Machine): number {
	return rtnl_link_register(m, vlan_link_ops);
}

/**
 * Starts VLAN support on a machine.
 * @returns 0 or a negative errno
 * @kernel PORT: module_init of net/8021q/vlan.c:723; it sits here because vlan.ts cannot lean on this file
 */
export function vlan_init(m: Machine): number {
	const err = vlan_proto_init(m);
	if (err < 0) return err;
	vlan_core_init(m);
	return vlan_netlink_init(m);
}
