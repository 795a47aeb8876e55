/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/route.h, base v5.10: the IPv4 destination.
 *
 * Inlines that need net/ipv4/route.c live at its top: ip_route_output_key, ip_route_output,
 * ip_route_output_ports, ip_route_input, ip_rt_put, ip_route_connect*, ip_route_newports, inet_iif,
 * ip4_dst_hoplimit, ip_neigh_gw4, ip_neigh_for_gw.
 * Not ported: statistics of the route cache, tunnel lookups, realms accounting.
 */
import { U32_ZERO } from '../linux/types.ts';
import type { __be32, u32, u8 } from '../linux/types.ts';
import { AF_INET } from '../linux/socket.ts';
import { IPTOS_RT_MASK, IPTOS_TOS_MASK } from '../uapi/linux/ip.ts';
import { dst_entry } from './dst.ts';

export { IPTOS_RT_MASK };

export const IP_MAX_MTU = 0xffff;
/** Bit of a route key's tos: only directly reachable destinations. */
export const RTO_ONLINK = 0x01;

/** An IPv4 destination. Made by rt_dst_alloc(). */
export class rtable extends dst_entry {
	rt_genid = 0;
	/** RTCF_* */
	rt_flags: u32 = U32_ZERO;
	/** RTN_* */
	rt_type = 0;
	rt_is_input: u8 = 0;
	rt_uses_gateway: u8 = 0;
	rt_iif = 0;
	/** AF_INET, AF_INET6 or 0 for none. */
	rt_gw_family = 0;
	rt_gw4: __be32 = U32_ZERO as __be32;
	/** 16 bytes when rt_gw_family is AF_INET6. */
	rt_gw6: Uint8Array | null = null;
	rt_mtu_locked = false;
	/** Bytes, 0 when not learnt. */
	rt_pmtu: u32 = 0;
	/** PORT: on the machine's list of uncached routes? */
	rt_uncached = false;
}

/**
 * Tells whether a destination is for packets that came in.
 * @kernel include/net/route.h:75 (v5.10)
 */
export function rt_is_input_route(rt: rtable): boolean {
	return rt.rt_is_input !== 0;
}

/**
 * Tells whether a destination is for packets of this host.
 * @kernel include/net/route.h:80 (v5.10)
 */
export function rt_is_output_route(rt: rtable): boolean {
	return rt.rt_is_input === 0;
}

/**
 * Next hop of a packet.
 * @param daddr its destination, network order
 * @returns the IPv4 gateway, or the destination when there is none
 * @kernel include/net/route.h:85 (v5.10)
 */
export function rt_nexthop(rt: rtable, daddr: __be32): __be32 {
	if (rt.rt_gw_family === AF_INET) return rt.rt_gw4;
	return daddr;
}

/* include/uapi/linux/in_route.h */
export const RTCF_DEAD = 1;
export const RTCF_ONLINK = 4;
export const RTCF_NOTIFY = 0x00010000;
export const RTCF_REDIRECTED = 0x00040000;
export const RTCF_DOREDIRECT = 0x01000000;
export const RTCF_DIRECTSRC = 0x04000000;
export const RTCF_BROADCAST = 0x10000000;
export const RTCF_MULTICAST = 0x20000000;
export const RTCF_LOCAL = 0x80000000;

/**
 * The four type-of-service bits.
 * @kernel include/uapi/linux/in_route.h:31 (v5.10)
 */
export function RT_TOS(tos: u8): u8 {
	return tos & IPTOS_TOS_MASK;
}

/* TC_PRIO_*, include/uapi/linux/pkt_sched.h */
const TC_PRIO_BESTEFFORT = 0;
const TC_PRIO_BULK = 2;
const TC_PRIO_INTERACTIVE_BULK = 4;
const TC_PRIO_INTERACTIVE = 6;

/** Priority by type of service >> 1; net/ipv4/route.c. */
export const ip_tos2prio: readonly u8[] = [
	TC_PRIO_BESTEFFORT,
	TC_PRIO_BESTEFFORT,
	TC_PRIO_BESTEFFORT,
	TC_PRIO_BESTEFFORT,
	TC_PRIO_BULK,
	TC_PRIO_BULK,
	TC_PRIO_BULK,
	TC_PRIO_BULK,
	TC_PRIO_INTERACTIVE,
	TC_PRIO_INTERACTIVE,
	TC_PRIO_INTERACTIVE,
	TC_PRIO_INTERACTIVE,
	TC_PRIO_INTERACTIVE_BULK,
	TC_PRIO_INTERACTIVE_BULK,
	TC_PRIO_INTERACTIVE_BULK,
	TC_PRIO_INTERACTIVE_BULK,
];

/**
 * Packet priority of a type of service.
 * @kernel include/net/route.h:262 (v5.10)
 */
export function rt_tos2priority(tos: u8): u8 {
	return ip_tos2prio[(tos & IPTOS_TOS_MASK) >> 1];
}
