/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/linux/in.h, base v5.10: classes of IPv4 addresses.
 */
import { EINVAL } from '../uapi/linux/errno.ts';
import {
	INADDR_ALLSNOOPERS_GROUP,
	IPPROTO_AH,
	IPPROTO_DCCP,
	IPPROTO_ESP,
	IPPROTO_SCTP,
	IPPROTO_TCP,
	IPPROTO_UDP,
	IPPROTO_UDPLITE,
} from '../uapi/linux/in.ts';
import type { __be32 } from './types.ts';

/**
 * Where the ports (or the SPI) of a transport header begin.
 * @returns offset in bytes, -EINVAL when the protocol has none
 * @kernel include/linux/in.h:21 (v5.10)
 */
export function proto_ports_offset(proto: number): number {
	switch (proto) {
		case IPPROTO_TCP:
		case IPPROTO_UDP:
		case IPPROTO_DCCP:
		case IPPROTO_ESP:
		case IPPROTO_SCTP:
		case IPPROTO_UDPLITE:
			return 0;
		case IPPROTO_AH:
			return 4;
		default:
			return -EINVAL;
	}
}

/**
 * 127.0.0.0/8.
 * @kernel include/linux/in.h:38 (v5.10)
 */
export function ipv4_is_loopback(addr: __be32): boolean {
	return addr >>> 24 === 127;
}

/**
 * 224.0.0.0/4.
 * @kernel include/linux/in.h:43 (v5.10)
 */
export function ipv4_is_multicast(addr: __be32): boolean {
	return addr >>> 28 === 14;
}

/**
 * 224.0.0.0/24.
 * @kernel include/linux/in.h:48 (v5.10)
 */
export function ipv4_is_local_multicast(addr: __be32): boolean {
	return addr >>> 8 === 0xe00000;
}

/**
 * 255.255.255.255.
 * @kernel include/linux/in.h:53 (v5.10)
 */
export function ipv4_is_lbcast(addr: __be32): boolean {
	return addr === 0xffffffff;
}

/**
 * 224.0.0.106.
 * @kernel include/linux/in.h:59 (v5.10)
 */
export function ipv4_is_all_snoopers(addr: __be32): boolean {
	return addr === INADDR_ALLSNOOPERS_GROUP;
}

/**
 * 0.0.0.0.
 * @kernel include/linux/in.h:64 (v5.10)
 */
export function ipv4_is_zeronet(addr: __be32): boolean {
	return addr === 0;
}

/**
 * 10.0.0.0/8.
 * @kernel include/linux/in.h:71 (v5.10)
 */
export function ipv4_is_private_10(addr: __be32): boolean {
	return addr >>> 24 === 10;
}

/**
 * 172.16.0.0/12.
 * @kernel include/linux/in.h:76 (v5.10)
 */
export function ipv4_is_private_172(addr: __be32): boolean {
	return addr >>> 20 === 0xac1;
}

/**
 * 192.168.0.0/16.
 * @kernel include/linux/in.h:81 (v5.10)
 */
export function ipv4_is_private_192(addr: __be32): boolean {
	return addr >>> 16 === 0xc0a8;
}

/**
 * 169.254.0.0/16.
 * @kernel include/linux/in.h:86 (v5.10)
 */
export function ipv4_is_linklocal_169(addr: __be32): boolean {
	return addr >>> 16 === 0xa9fe;
}
