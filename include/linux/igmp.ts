/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/linux/igmp.h, base v5.10: a group of a device.
 *
 * PORT: ip_mc_may_pull() stands in net/ipv4/igmp.ts, since include/ does not import net/.
 * Not ported: what a socket joins (ip_mc_socklist), lists of sources, all that CONFIG_IP_MULTICAST brings.
 */
import type { in_device } from './inetdevice.ts';
import type { __be32 } from './types.ts';

/** A group that a device listens to. */
export class ip_mc_list {
	readonly interface: in_device;
	readonly multiaddr: __be32;
	next: ip_mc_list | null = null;
	users = 1;
	refcnt = 1;
	/** The device's filter lets it pass. */
	loaded = 0;

	constructor(in_dev: in_device, multiaddr: __be32) {
		this.interface = in_dev;
		this.multiaddr = multiaddr;
	}
}

/**
 * Time that a code of version 3 stands for.
 * @param value code, 8 bits
 * @returns in the unit of the code
 * @kernel include/linux/igmp.h:97 (v5.10)
 */
function IGMPV3_EXP(value: number): number {
	return value < 0x80 ? value : ((value & 0xf) | 0x10) << (((value >> 4) & 0x7) + 3);
}

/**
 * Longest delay of an answer in a version 3 query.
 * @param value code, 8 bits
 * @returns tenths of a second
 * @kernel include/linux/igmp.h:103 (v5.10)
 */
export function IGMPV3_MRC(value: number): number {
	return IGMPV3_EXP(value);
}
