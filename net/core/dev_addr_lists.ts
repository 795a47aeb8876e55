// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/core/dev_addr_lists.c, base v5.10: the unicast and multicast addresses that a device listens to
 * besides its own.
 *
 * Not ported: synchronisation to stacked hardware (bond, macvlan), the device address list: a device of
 * this world has one address; global use.
 * PORT: dev_uc_flush(), dev_mc_flush() and netdev_uc_empty() stand in dev.ts, which this file leans on.
 */
import type { net_device } from '../../include/linux/netdevice.ts';
import { EEXIST, ENOENT } from '../../include/uapi/linux/errno.ts';
import { __dev_set_rx_mode } from './dev.ts';

/** An address with the number of its users. */
export class netdev_hw_addr {
	readonly addr: Uint8Array;
	refcount = 1;
	/** References that upper devices' lists hold on this one. */
	synced = 0;
	/** Lists of lower devices that this one was copied to. */
	sync_cnt = 0;

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
 * @param sync for an upper device's list
 * @param sync_count lists that the upper device's address was copied to before
 * @returns 0, or -EEXIST when it was copied from another list before
 * @kernel net/core/dev_addr_lists.c:45 (v5.10)
 */
function __hw_addr_add_ex(
	list: netdev_hw_addr_list,
	addr: Uint8Array,
	addr_len: number,
	sync: boolean,
	sync_count: number,
): number {
	const i = find(list, addr, addr_len);
	if (i < 0) {
		const ha = new netdev_hw_addr(addr.slice(0, addr_len));
		if (sync) ha.synced = 1;
		list.list.push(ha);
		return 0;
	}
	const ha = list.list[i];
	if (sync) {
		if (ha.synced !== 0 && sync_count !== 0) return -EEXIST;
		ha.synced++;
	}
	ha.refcount++;
	return 0;
}

/**
 * Adds an address or a reference to it.
 * @returns 0
 * @kernel net/core/dev_addr_lists.c:80 (v5.10)
 */
function __hw_addr_add(list: netdev_hw_addr_list, addr: Uint8Array, addr_len: number): number {
	return __hw_addr_add_ex(list, addr, addr_len, false, 0);
}

/**
 * Drops a reference to an address; the last one takes it off the list.
 * @param sync of an upper device's list
 * @returns 0, or -ENOENT when no upper device's list holds one
 * @kernel net/core/dev_addr_lists.c:88 (v5.10)
 */
function __hw_addr_del_entry(list: netdev_hw_addr_list, ha: netdev_hw_addr, sync: boolean): number {
	if (sync && ha.synced === 0) return -ENOENT;
	if (sync) ha.synced--;
	if (--ha.refcount === 0) list.list.splice(list.list.indexOf(ha), 1);
	return 0;
}

/**
 * Drops a reference to an address.
 * @param sync of an upper device's list
 * @returns 0, or -ENOENT when it is not there
 * @kernel net/core/dev_addr_lists.c:112 (v5.10)
 */
function __hw_addr_del_ex(
	list: netdev_hw_addr_list,
	addr: Uint8Array,
	addr_len: number,
	sync: boolean,
): number {
	const i = find(list, addr, addr_len);
	return i < 0 ? -ENOENT : __hw_addr_del_entry(list, list.list[i], sync);
}

/**
 * Drops a reference to an address.
 * @returns 0, or -ENOENT when it is not there
 * @kernel net/core/dev_addr_lists.c:126 (v5.10)
 */
function __hw_addr_del(list: netdev_hw_addr_list, addr: Uint8Array, addr_len: number): number {
	return __hw_addr_del_ex(list, addr, addr_len, false);
}

/**
 * Copies one address down.
 * @param to lower device's list
 * @kernel net/core/dev_addr_lists.c:133 (v5.10)
 */
function __hw_addr_sync_one(to: netdev_hw_addr_list, ha: netdev_hw_addr, addr_len: number): void {
	if (__hw_addr_add_ex(to, ha.addr, addr_len, true, ha.sync_cnt) !== 0) return;
	ha.sync_cnt++;
	ha.refcount++;
}

/**
 * Takes one copied address back.
 * @param to lower device's list
 * @param from upper device's list
 * @kernel net/core/dev_addr_lists.c:152 (v5.10)
 */
function __hw_addr_unsync_one(
	to: netdev_hw_addr_list,
	from: netdev_hw_addr_list,
	ha: netdev_hw_addr,
	addr_len: number,
): void {
	if (__hw_addr_del_ex(to, ha.addr, addr_len, true) !== 0) return;
	ha.sync_cnt--;
	__hw_addr_del_entry(from, ha, false);
}

/**
 * Copies the addresses of an upper device down to a lower one, and takes back those that only the copying
 * still holds.
 * @param to lower device's list
 * @param from upper device's list
 * @kernel net/core/dev_addr_lists.c:192 (v5.10)
 */
export function __hw_addr_sync(
	to: netdev_hw_addr_list,
	from: netdev_hw_addr_list,
	addr_len: number,
): void {
	for (const ha of from.list.slice()) {
		if (ha.sync_cnt === 0) __hw_addr_sync_one(to, ha, addr_len);
		else if (ha.refcount === 1) __hw_addr_unsync_one(to, from, ha, addr_len);
	}
}

/**
 * Takes back what __hw_addr_sync() copied.
 * @kernel net/core/dev_addr_lists.c:211 (v5.10)
 */
export function __hw_addr_unsync(
	to: netdev_hw_addr_list,
	from: netdev_hw_addr_list,
	addr_len: number,
): void {
	for (const ha of from.list.slice())
		if (ha.sync_cnt !== 0) __hw_addr_unsync_one(to, from, ha, addr_len);
}

/**
 * Makes a device listen to a unicast address.
 * @returns 0
 * @kernel net/core/dev_addr_lists.c:584 (v5.10)
 */
export function dev_uc_add(dev: net_device, addr: Uint8Array): number {
	const err = __hw_addr_add((dev.uc ??= new netdev_hw_addr_list()), addr, dev.addr_len);
	if (err === 0) __dev_set_rx_mode(dev);
	return err;
}

/**
 * Takes a unicast address back.
 * @returns 0 or -ENOENT
 * @kernel net/core/dev_addr_lists.c:606 (v5.10)
 */
export function dev_uc_del(dev: net_device, addr: Uint8Array): number {
	const err = __hw_addr_del((dev.uc ??= new netdev_hw_addr_list()), addr, dev.addr_len);
	if (err === 0) __dev_set_rx_mode(dev);
	return err;
}

/**
 * Keeps a lower device listening to an upper one's unicast addresses.
 * @kernel net/core/dev_addr_lists.c:633 (v5.10)
 */
export function dev_uc_sync(to: net_device, from: net_device): void {
	__hw_addr_sync(
		(to.uc ??= new netdev_hw_addr_list()),
		(from.uc ??= new netdev_hw_addr_list()),
		to.addr_len,
	);
	__dev_set_rx_mode(to);
}

/**
 * Ends dev_uc_sync().
 * @kernel net/core/dev_addr_lists.c:688 (v5.10)
 */
export function dev_uc_unsync(to: net_device, from: net_device): void {
	__hw_addr_unsync(
		(to.uc ??= new netdev_hw_addr_list()),
		(from.uc ??= new netdev_hw_addr_list()),
		to.addr_len,
	);
	__dev_set_rx_mode(to);
}

/**
 * Makes a device listen to a multicast address.
 * @returns 0
 * @kernel net/core/dev_addr_lists.c:790 (v5.10)
 */
export function dev_mc_add(dev: net_device, addr: Uint8Array): number {
	const err = __hw_addr_add((dev.mc ??= new netdev_hw_addr_list()), addr, dev.addr_len);
	if (err === 0) __dev_set_rx_mode(dev);
	return err;
}

/**
 * Takes a multicast address back.
 * @returns 0 or -ENOENT
 * @kernel net/core/dev_addr_lists.c:831 (v5.10)
 */
export function dev_mc_del(dev: net_device, addr: Uint8Array): number {
	const err = __hw_addr_del((dev.mc ??= new netdev_hw_addr_list()), addr, dev.addr_len);
	if (err === 0) __dev_set_rx_mode(dev);
	return err;
}

/**
 * Keeps a lower device listening to an upper one's multicast addresses.
 * @kernel net/core/dev_addr_lists.c:863 (v5.10)
 */
export function dev_mc_sync(to: net_device, from: net_device): void {
	__hw_addr_sync(
		(to.mc ??= new netdev_hw_addr_list()),
		(from.mc ??= new netdev_hw_addr_list()),
		to.addr_len,
	);
	__dev_set_rx_mode(to);
}

/**
 * Ends dev_mc_sync().
 * @kernel net/core/dev_addr_lists.c:918 (v5.10)
 */
export function dev_mc_unsync(to: net_device, from: net_device): void {
	__hw_addr_unsync(
		(to.mc ??= new netdev_hw_addr_list()),
		(from.mc ??= new netdev_hw_addr_list()),
		to.addr_len,
	);
	__dev_set_rx_mode(to);
}
