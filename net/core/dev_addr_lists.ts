// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/core/dev_addr_lists.c, base v5.10: the unicast and multicast addresses that a device listens to
 * besides its own.
 *
 * Not ported: synchronisation to stacked hardware (bond, macvlan), the device address list: a device of
 * this world has one address.
 */
import type { net_device } from '../../include/linux/netdevice.ts';
import { ENOENT } from '../../include/uapi/linux/errno.ts';

/** An address with the number of its users. */
export class netdev_hw_addr {
	readonly addr: Uint8Array;
	refcount = 1;
	/** References by dev_uc_sync() and dev_mc_sync() of upper devices. */
	synced = 0;

	constructor(addr: Uint8Array) {
		this.addr = addr;
	}
}

/** Addresses of one kind. */
export class netdev_hw_addr_list {
	readonly list: netdev_hw_addr[] = [];
}

/**
 * Finds an address.
 * @returns its index or -1
 * @kernel PORT: loop of each caller
 */
function find(list: netdev_hw_addr_list, addr: Uint8Array, len: number): number {
	return list.list.findIndex((ha) => {
		for (let i = 0; i < len; i++) if (ha.addr[i] !== addr[i]) return false;
		return true;
	});
}

/**
 * Adds an address or a reference to it.
 * @returns 0
 * @kernel net/core/dev_addr_lists.c:80 (v5.10)
 */
function __hw_addr_add(list: netdev_hw_addr_list, addr: Uint8Array, addr_len: number): number {
	const i = find(list, addr, addr_len);
	if (i >= 0) list.list[i].refcount++;
	else list.list.push(new netdev_hw_addr(addr.slice(0, addr_len)));
	return 0;
}

/**
 * Drops a reference to an address.
 * @returns 0, or -ENOENT when it is not there
 * @kernel net/core/dev_addr_lists.c:126 (v5.10)
 */
function __hw_addr_del(list: netdev_hw_addr_list, addr: Uint8Array, addr_len: number): number {
	const i = find(list, addr, addr_len);
	if (i < 0) return -ENOENT;
	if (--list.list[i].refcount === 0) list.list.splice(i, 1);
	return 0;
}

/**
 * Makes a device listen to a unicast address.
 * @returns 0
 * @kernel net/core/dev_addr_lists.c:584 (v5.10)
 */
export function dev_uc_add(dev: net_device, addr: Uint8Array): number {
	return __hw_addr_add((dev.uc ??= new netdev_hw_addr_list()), addr, dev.addr_len);
}

/**
 * Takes a unicast address back.
 * @returns 0 or -ENOENT
 * @kernel net/core/dev_addr_lists.c:606 (v5.10)
 */
export function dev_uc_del(dev: net_device, addr: Uint8Array): number {
	return __hw_addr_del((dev.uc ??= new netdev_hw_addr_list()), addr, dev.addr_len);
}

/**
 * Forgets all unicast addresses.
 * @kernel net/core/dev_addr_lists.c:717 (v5.10)
 */
export function dev_uc_flush(dev: net_device): void {
	if (dev.uc !== null) dev.uc.list.length = 0;
}

/**
 * Makes a device listen to a multicast address.
 * @returns 0
 * @kernel net/core/dev_addr_lists.c:790 (v5.10)
 */
export function dev_mc_add(dev: net_device, addr: Uint8Array): number {
	return __hw_addr_add((dev.mc ??= new netdev_hw_addr_list()), addr, dev.addr_len);
}

/**
 * Takes a multicast address back.
 * @returns 0 or -ENOENT
 * @kernel net/core/dev_addr_lists.c:831 (v5.10)
 */
export function dev_mc_del(dev: net_device, addr: Uint8Array): number {
	return __hw_addr_del((dev.mc ??= new netdev_hw_addr_list()), addr, dev.addr_len);
}

/**
 * Forgets all multicast addresses.
 * @kernel net/core/dev_addr_lists.c:939 (v5.10)
 */
export function dev_mc_flush(dev: net_device): void {
	if (dev.mc !== null) dev.mc.list.length = 0;
}

/**
 * Tells whether a device has no extra unicast address.
 * @kernel include/linux/netdevice.h:235 (v5.10)
 */
export function netdev_uc_empty(dev: net_device): boolean {
	return dev.uc === null || dev.uc.list.length === 0;
}

/**
 * Copies the addresses of an upper device down to a lower one.
 * @param to lower device's list
 * @param from upper device's list
 * @kernel net/core/dev_addr_lists.c:192 (v5.10)
 */
function __hw_addr_sync(to: netdev_hw_addr_list, from: netdev_hw_addr_list, len: number): void {
	for (const ha of from.list) {
		if (ha.synced !== 0) continue;
		__hw_addr_add(to, ha.addr, len);
		ha.synced++;
	}
}

/**
 * Takes back what __hw_addr_sync() copied.
 * @kernel net/core/dev_addr_lists.c:211 (v5.10)
 */
function __hw_addr_unsync(to: netdev_hw_addr_list, from: netdev_hw_addr_list, len: number): void {
	for (const ha of from.list) {
		if (ha.synced === 0) continue;
		__hw_addr_del(to, ha.addr, len);
		ha.synced--;
	}
}

/**
 * Keeps a lower device listening to what an upper one listens to.
 * @kernel net/core/dev_addr_lists.c:633 (v5.10)
 */
export function dev_uc_sync(to: net_device, from: net_device): void {
	__hw_addr_sync((to.uc ??= new netdev_hw_addr_list()), (from.uc ??= new netdev_hw_addr_list()), to.addr_len);
}

/**
 * Ends dev_uc_sync().
 * @kernel net/core/dev_addr_lists.c:688 (v5.10)
 */
export function dev_uc_unsync(to: net_device, from: net_device): void {
	__hw_addr_unsync((to.uc ??= new netdev_hw_addr_list()), (from.uc ??= new netdev_hw_addr_list()), to.addr_len);
}

/**
 * Keeps a lower device listening to an upper one's groups.
 * @kernel net/core/dev_addr_lists.c:863 (v5.10)
 */
export function dev_mc_sync(to: net_device, from: net_device): void {
	__hw_addr_sync((to.mc ??= new netdev_hw_addr_list()), (from.mc ??= new netdev_hw_addr_list()), to.addr_len);
}

/**
 * Ends dev_mc_sync().
 * @kernel net/core/dev_addr_lists.c:918 (v5.10)
 */
export function dev_mc_unsync(to: net_device, from: net_device): void {
	__hw_addr_unsync((to.mc ??= new netdev_hw_addr_list()), (from.mc ??= new netdev_hw_addr_list()), to.addr_len);
}
