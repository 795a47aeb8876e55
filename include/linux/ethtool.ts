/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/ethtool.h and its uapi part, base v5.10: what a driver tells about itself.
 *
 * Not ported: everything a physical link, a ring or a queue would need.
 */
import type { net_device } from './netdevice.ts';

/** Answer to `ethtool -i`. */
export class ethtool_drvinfo {
	driver = '';
	version = '';
	fw_version = '';
	expansion_rom_version = '';
	bus_info = '';
}

/** Set of names: those of a driver's own counters. */
export const ETH_SS_STATS = 1;

/** What a driver answers. */
export interface ethtool_ops {
	get_drvinfo?: (dev: net_device, info: ethtool_drvinfo) => void;
	/** Number of names of a set (ETH_SS_*), or a negative errno. */
	get_sset_count?: (dev: net_device, sset: number) => number;
	/** Appends the names of a set. */
	get_strings?: (dev: net_device, stringset: number, names: string[]) => void;
	/** Appends the counters, in the order of their names. */
	get_ethtool_stats?: (dev: net_device, data: number[]) => void;
}
