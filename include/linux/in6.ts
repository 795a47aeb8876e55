/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/linux/in6.h, base v5.10: well-known addresses.
 *
 * PORT: the arrays are shared and must not be written; the C defines them in net/ipv6/addrconf_core.c.
 */
import type { in6_addr } from './types.ts';

export const in6addr_any: in6_addr = new Uint8Array(16);
export const in6addr_loopback: in6_addr = Uint8Array.of(
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
);
export const in6addr_linklocal_allnodes: in6_addr = Uint8Array.of(
	0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
);
export const in6addr_linklocal_allrouters: in6_addr = Uint8Array.of(
	0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
);
export const in6addr_interfacelocal_allnodes: in6_addr = Uint8Array.of(
	0xff, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
);
export const in6addr_interfacelocal_allrouters: in6_addr = Uint8Array.of(
	0xff, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
);
export const in6addr_sitelocal_allrouters: in6_addr = Uint8Array.of(
	0xff, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
);
/** MLDv2-capable routers, ff02::16. */
export const mld2_all_mcr: in6_addr = Uint8Array.of(
	0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x16,
);
