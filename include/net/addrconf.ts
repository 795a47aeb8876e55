/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/addrconf.h, base v5.10: constants of autoconfiguration, the prefix option, references on the
 * IPv6 side of a device, well-known groups.
 *
 * PORT: in6_dev_put() and in6_ifa_put() destroy what falls to zero and live in net/ipv6/addrconf_core.ts;
 * ipv6_mc_may_pull() and ipv6_is_mld() pull packet data and live in net/ipv6/exthdrs_core.ts.
 */
import type { net_device } from '../linux/netdevice.ts';
import type { in6_addr } from '../linux/types.ts';
import type { inet6_dev, inet6_ifaddr } from './if_inet6.ts';
import type { neigh_parms } from './neighbour.ts';
import type { netlink_ext_ack } from './netlink.ts';
import { HZ } from '../linux/machine.ts';
import { ETH_ALEN } from '../uapi/linux/if_ether.ts';
import { ipv6_addr_set } from './ipv6.ts';
import { get_unaligned_be32 } from '../linux/byteorder/generic.ts';

export const MAX_RTR_SOLICITATIONS = -1;
export const RTR_SOLICITATION_INTERVAL = 4 * HZ;
export const RTR_SOLICITATION_MAX_INTERVAL = 3600 * HZ;

export const TEMP_VALID_LIFETIME = 7 * 86400;
export const TEMP_PREFERRED_LIFETIME = 86400;
export const REGEN_MAX_RETRY = 3;
export const MAX_DESYNC_FACTOR = 600;

export const ADDR_CHECK_FREQUENCY = 120 * HZ;

export const IPV6_MAX_ADDRESSES = 16;

export const ADDRCONF_TIMER_FUZZ_MINUS = HZ / 50;
export const ADDRCONF_TIMER_FUZZ = HZ / 4;
export const ADDRCONF_TIMER_FUZZ_MAX = HZ;

export const ADDRCONF_NOTIFY_PRIORITY = 0;

/* struct prefix_info, an option of router advertisements */
export const PREFIX_INFO_prefix_len = 2;
/** On-link and autonomous in the top bits. */
export const PREFIX_INFO_flags = 3;
export const PREFIX_INFO_valid = 4;
export const PREFIX_INFO_prefered = 8;
export const PREFIX_INFO_prefix = 16;
/** sizeof(struct prefix_info) */
export const PREFIX_INFO_LEN = 32;
export const PREFIX_INFO_F_ONLINK = 0x80;
export const PREFIX_INFO_F_AUTOCONF = 0x40;

/** What a validator of new addresses gets. */
export interface in6_validator_info {
	i6vi_addr: in6_addr;
	i6vi_dev: inet6_dev;
	extack: netlink_ext_ack | null;
}

/** What shall be known of an address to add. */
export class ifa6_config {
	pfx: in6_addr;
	plen = 0;
	peer_pfx: in6_addr | null = null;
	rt_priority = 0;
	ifa_flags = 0;
	preferred_lft = 0;
	valid_lft = 0;
	scope = 0;

	constructor(pfx: in6_addr) {
		this.pfx = pfx;
	}
}

/**
 * Makes an EUI-64 out of a MAC address without touching the universal bit.
 * @param eui takes eight bytes from off on
 * @kernel include/net/addrconf.h:130 (v5.10)
 */
export function addrconf_addr_eui48_base(eui: Uint8Array, off: number, addr: Uint8Array): void {
	eui[off] = addr[0]!;
	eui[off + 1] = addr[1]!;
	eui[off + 2] = addr[2]!;
	eui[off + 3] = 0xff;
	eui[off + 4] = 0xfe;
	eui[off + 5] = addr[3]!;
	eui[off + 6] = addr[4]!;
	eui[off + 7] = addr[5]!;
}

/**
 * Makes the interface identifier of an Ethernet device.
 * @param eui takes eight bytes from off on
 * @returns 0, or -1 when the device has no MAC address
 * @kernel include/net/addrconf.h:144 (v5.10)
 */
export function addrconf_ifid_eui48(eui: Uint8Array, off: number, dev: net_device): number {
	if (dev.addr_len !== ETH_ALEN) return -1;

	addrconf_addr_eui48_base(eui, off, dev.dev_addr);

	if (dev.dev_id !== 0) {
		eui[off + 3] = dev.dev_id >> 8;
		eui[off + 4] = dev.dev_id;
	} else {
		eui[off] = eui[off] ^ 2;
	}
	return 0;
}

/**
 * Makes a life time out of a field of 32 bits.
 * @param timeout seconds, 0xffffffff for ever
 * @returns seconds, Infinity for ever
 * @kernel include/net/addrconf.h:175 (v5.10)
 */
export function addrconf_timeout_fixup(timeout: number): number {
	return timeout === 0xffffffff ? Infinity : timeout;
}

/**
 * Tells whether a life time ends.
 * @kernel include/net/addrconf.h:192 (v5.10)
 */
export function addrconf_finite_timeout(timeout: number): boolean {
	return Number.isFinite(timeout);
}

/**
 * IPv6 side of a device, not referenced.
 * @kernel include/net/addrconf.h:312 (v5.10)
 */
export function __in6_dev_get(dev: net_device): inet6_dev | null {
	return dev.ip6_ptr;
}

/**
 * IPv6 side of a device that may be absent.
 * @kernel include/net/addrconf.h:339 (v5.10)
 */
export function __in6_dev_get_safely(dev: net_device | null): inet6_dev | null {
	return dev !== null ? dev.ip6_ptr : null;
}

/**
 * IPv6 side of a device, referenced.
 * @kernel include/net/addrconf.h:355 (v5.10)
 */
export function in6_dev_get(dev: net_device): inet6_dev | null {
	const idev = dev.ip6_ptr;
	if (idev !== null) idev.refcnt++;
	return idev;
}

/**
 * Neighbour parameters of a device.
 * @kernel include/net/addrconf.h:367 (v5.10)
 */
export function __in6_dev_nd_parms_get_rcu(dev: net_device): neigh_parms | null {
	const idev = __in6_dev_get(dev);
	return idev !== null ? idev.nd_parms : null;
}

/**
 * Drops a reference that is not the last.
 * @kernel include/net/addrconf.h:392 (v5.10)
 */
export function __in6_dev_put(idev: inet6_dev): void {
	idev.refcnt--;
}

/**
 * Takes a reference.
 * @kernel include/net/addrconf.h:397 (v5.10)
 */
export function in6_dev_hold(idev: inet6_dev): void {
	idev.refcnt++;
}

/**
 * Tells whether routes over a device without carrier are skipped.
 * @kernel include/net/addrconf.h:403 (v5.10)
 */
export function ip6_ignore_linkdown(dev: net_device): boolean {
	const idev = __in6_dev_get(dev);
	return idev !== null && idev.cnf.ignore_routes_with_linkdown !== 0;
}

/**
 * Drops a reference that is not the last.
 * @kernel include/net/addrconf.h:418 (v5.10)
 */
export function __in6_ifa_put(ifp: inet6_ifaddr): void {
	ifp.refcnt--;
}

/**
 * Takes a reference.
 * @kernel include/net/addrconf.h:423 (v5.10)
 */
export function in6_ifa_hold(ifp: inet6_ifaddr): void {
	ifp.refcnt++;
}

/**
 * Solicited-node group of an address.
 * @param off where the address starts
 * @kernel include/net/addrconf.h:433 (v5.10)
 */
export function addrconf_addr_solict_mult(addr: Uint8Array, solicited: in6_addr, off = 0): void {
	ipv6_addr_set(
		solicited,
		0xff020000,
		0,
		0x1,
		0xff000000 | (get_unaligned_be32(addr, off + 12) as number),
	);
}

/**
 * Tells whether an address is ff02:: with zeros up to its last byte.
 * @kernel PORT: shared by the three functions below
 */
function ll_all(addr: Uint8Array, off: number, last: number): boolean {
	if (addr[off] !== 0xff || addr[off + 1] !== 2 || addr[off + 15] !== last) return false;
	for (let i = 2; i < 15; i++) if (addr[off + i] !== 0) return false;
	return true;
}

/**
 * Tells whether an address is ff02::1.
 * @kernel include/net/addrconf.h:442 (v5.10)
 */
export function ipv6_addr_is_ll_all_nodes(addr: Uint8Array, off = 0): boolean {
	return ll_all(addr, off, 1);
}

/**
 * Tells whether an address is a solicited-node group.
 * @kernel include/net/addrconf.h:471 (v5.10)
 */
export function ipv6_addr_is_solict_mult(addr: Uint8Array, off = 0): boolean {
	if (addr[off] !== 0xff || addr[off + 1] !== 2) return false;
	for (let i = 2; i < 11; i++) if (addr[off + i] !== 0) return false;
	return addr[off + 11] === 1 && addr[off + 12] === 0xff;
}

/**
 * Tells whether an address is ff02::6a.
 * @kernel include/net/addrconf.h:486 (v5.10)
 */
export function ipv6_addr_is_all_snoopers(addr: Uint8Array, off = 0): boolean {
	return ll_all(addr, off, 0x6a);
}
