/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/linux/etherdevice.h, base v5.10: Ethernet addresses.
 *
 * PORT: an address is given as a buffer and an offset, so that it can be read where it lies in a packet.
 */
import { get_random_bytes, type Machine } from './machine.ts';
import type { net_device } from './netdevice.ts';
import { NET_ADDR_RANDOM } from './netdevice.ts';

/** 01:80:c2:00:00:00, the base of the link-local range. */
export const eth_reserved_addr_base: Uint8Array = Uint8Array.of(0x01, 0x80, 0xc2, 0, 0, 0);

/**
 * Tells whether an address is 01:80:c2:00:00:0x.
 * @kernel include/linux/etherdevice.h:76 (v5.10)
 */
export function is_link_local_ether_addr(addr: Uint8Array, off = 0): boolean {
	return (
		addr[off] === 0x01 &&
		addr[off + 1] === 0x80 &&
		addr[off + 2] === 0xc2 &&
		addr[off + 3] === 0 &&
		addr[off + 4] === 0 &&
		(addr[off + 5] & 0xf0) === 0
	);
}

/**
 * Tells whether an address is all zero.
 * @kernel include/linux/etherdevice.h:98 (v5.10)
 */
export function is_zero_ether_addr(addr: Uint8Array, off = 0): boolean {
	return (
		addr[off] === 0 &&
		addr[off + 1] === 0 &&
		addr[off + 2] === 0 &&
		addr[off + 3] === 0 &&
		addr[off + 4] === 0 &&
		addr[off + 5] === 0
	);
}

/**
 * Tells whether an address is a group address; broadcast is one.
 * @kernel include/linux/etherdevice.h:116 (v5.10)
 */
export function is_multicast_ether_addr(addr: Uint8Array, off = 0): boolean {
	return (addr[off] & 1) !== 0;
}

/**
 * Tells whether an address is the broadcast address.
 * @kernel include/linux/etherdevice.h:150 (v5.10)
 */
export function is_broadcast_ether_addr(addr: Uint8Array, off = 0): boolean {
	return (
		(addr[off] &
			addr[off + 1] &
			addr[off + 2] &
			addr[off + 3] &
			addr[off + 4] &
			addr[off + 5]) ===
		0xff
	);
}

/**
 * Tells whether an address can be a device's: not zero, not a group.
 * @kernel include/linux/etherdevice.h:179 (v5.10)
 */
export function is_valid_ether_addr(addr: Uint8Array, off = 0): boolean {
	return !is_multicast_ether_addr(addr, off) && !is_zero_ether_addr(addr, off);
}

/**
 * Makes a random, locally administered unicast address.
 * @param addr gets 6 bytes
 * @kernel include/linux/etherdevice.h:211 (v5.10)
 */
export function eth_random_addr(m: Machine, addr: Uint8Array): void {
	get_random_bytes(m, addr);
	addr[0] = (addr[0] & 0xfe) | 0x02;
}

/**
 * Makes an address all zero.
 * @kernel include/linux/etherdevice.h:237 (v5.10)
 */
export function eth_zero_addr(addr: Uint8Array): void {
	addr[0] = 0;
	addr[1] = 0;
	addr[2] = 0;
	addr[3] = 0;
	addr[4] = 0;
	addr[5] = 0;
}

/**
 * Gives a device a random address.
 * @kernel include/linux/etherdevice.h:251 (v5.10)
 */
export function eth_hw_addr_random(dev: net_device): void {
	dev.addr_assign_type = NET_ADDR_RANDOM;
	eth_random_addr(dev.machine, dev.dev_addr);
}

/**
 * Copies an address.
 * @kernel include/linux/etherdevice.h:275 (v5.10)
 */
export function ether_addr_copy(dst: Uint8Array, doff: number, src: Uint8Array, soff: number): void {
	dst[doff] = src[soff];
	dst[doff + 1] = src[soff + 1];
	dst[doff + 2] = src[soff + 2];
	dst[doff + 3] = src[soff + 3];
	dst[doff + 4] = src[soff + 4];
	dst[doff + 5] = src[soff + 5];
}

/**
 * Copies an address into a packet.
 * @kernel PORT: ether_addr_copy(), in words
 */
export function ether_addr_put(dst: DataView, off: number, src: Uint8Array): void {
	const high = (src[0] << 24) | (src[1] << 16) | (src[2] << 8) | src[3];
	const low = (src[4] << 8) | src[5];
	dst.setInt32(off, high);
	dst.setInt16(off + 4, low);
}

/**
 * Compares two addresses.
 * @kernel include/linux/etherdevice.h:314 (v5.10)
 */
export function ether_addr_equal(a: Uint8Array, aoff: number, b: Uint8Array, boff: number): boolean {
	return (
		a[aoff] === b[boff] &&
		a[aoff + 1] === b[boff + 1] &&
		a[aoff + 2] === b[boff + 2] &&
		a[aoff + 3] === b[boff + 3] &&
		a[aoff + 4] === b[boff + 4] &&
		a[aoff + 5] === b[boff + 5]
	);
}

/**
 * Compares an address in a packet with another.
 * @kernel include/linux/etherdevice.h:343 (v5.10)
 */
export function ether_addr_equal_64bits(a: DataView, off: number, b: DataView): boolean {
	return a.getInt32(off) === b.getInt32(0) && a.getInt16(off + 4) === b.getInt16(4);
}
