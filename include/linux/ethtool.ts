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

/** What a driver answers. */
export interface ethtool_ops {
	get_drvinfo?: (dev: net_device, info: ethtool_drvinfo) => void;
}
