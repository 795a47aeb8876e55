/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/ethtool.h and its uapi part, base v5.10: what a driver tells about itself.
 *
 * PORT: __ethtool_get_link_ksettings() and ethtool_op_get_link() of net/ethtool/ioctl.c stand here, and
 * __ethtool_get_link() of net/ethtool/common.c; the rest of those files is system calls.
 * Not ported: everything a physical link, a ring or a queue would need.
 */
import { EOPNOTSUPP } from '../uapi/linux/errno.ts';
import { netif_carrier_ok, netif_running, type net_device } from './netdevice.ts';

/** Answer to `ethtool -i`. */
export class ethtool_drvinfo {
	driver = '';
	version = '';
	fw_version = '';
	expansion_rom_version = '';
	bus_info = '';
}

export const SPEED_10 = 10;
export const SPEED_100 = 100;
export const SPEED_1000 = 1000;
export const SPEED_10000 = 10000;
export const SPEED_UNKNOWN = -1;
export const DUPLEX_HALF = 0;
export const DUPLEX_FULL = 1;
export const DUPLEX_UNKNOWN = 255;
export const PORT_TP = 0;
export const PORT_OTHER = 255;
export const AUTONEG_DISABLE = 0;

/** What a link says of itself: struct ethtool_link_settings. */
export class ethtool_link_ksettings {
	/** Mbit/s, or SPEED_UNKNOWN. */
	speed = 0;
	duplex = DUPLEX_HALF;
	port = PORT_TP;
	autoneg = AUTONEG_DISABLE;
}

/** Set of names: those of a driver's own counters. */
export const ETH_SS_STATS = 1;

/** What a driver answers. */
export interface ethtool_ops {
	get_drvinfo?: (dev: net_device, info: ethtool_drvinfo) => void;
	/** Is the link there? Absent when the device cannot tell. */
	get_link?: (dev: net_device) => boolean;
	/** Appends the names of a set. */
	get_strings?: (dev: net_device, stringset: number, names: string[]) => void;
	/** Appends the counters, in the order of their names. */
	get_ethtool_stats?: (dev: net_device, data: number[]) => void;
	/** Number of names of a set (ETH_SS_*), or a negative errno. */
	get_sset_count?: (dev: net_device, sset: number) => number;
	/** Fills what the link says of itself; 0 or a negative errno. */
	get_link_ksettings?: (dev: net_device, cmd: ethtool_link_ksettings) => number;
}

/**
 * Is the carrier there?
 * @kernel PORT: net/ethtool/ioctl.c:39 (v5.10)
 */
export function ethtool_op_get_link(dev: net_device): boolean {
	return netif_carrier_ok(dev);
}

/**
 * Asks a device whether its link is there.
 * @returns -EOPNOTSUPP when it cannot tell
 * @kernel PORT: net/ethtool/common.c:334 (v5.10)
 */
export function __ethtool_get_link(dev: net_device): boolean | number {
	const get = dev.ethtool_ops?.get_link;
	return get === undefined ? -EOPNOTSUPP : netif_running(dev) && get(dev);
}

/**
 * Asks a device what its link says of itself.
 * @returns 0, -EOPNOTSUPP when it does not say, or the driver's errno
 * @kernel PORT: net/ethtool/ioctl.c:426 (v5.10)
 */
export function __ethtool_get_link_ksettings(
	dev: net_device,
	link_ksettings: ethtool_link_ksettings,
): number {
	const get = dev.ethtool_ops?.get_link_ksettings;
	return get === undefined ? -EOPNOTSUPP : get(dev, link_ksettings);
}
