/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/list.h, base v5.10: the hash list part, with intrusive nodes.
 *
 * PORT: a node points back to what it is embedded in (`item`), which stands for container_of(); it
 * knows the head it hangs on instead of the address of the pointer before it.
 * Not ported: list_head: arrays serve where C keeps short rings.
 */

/** Head of a chain. */
export class hlist_head<T> {
	first: hlist_node<T> | null = null;
}

/** Node of a chain, embedded in `item`. */
export class hlist_node<T> {
	next: hlist_node<T> | null = null;
	prev: hlist_node<T> | null = null;
	/** Head the node is on, null when it is on none. */
	head: hlist_head<T> | null = null;
	readonly item: T;

	/** @param item what the node is embedded in */
	constructor(item: T) {
		this.item = item;
	}
}

/**
 * Tells whether a node is on no chain.
 * @kernel include/linux/list.h:797 (v5.10)
 */
export function hlist_unhashed<T>(n: hlist_node<T>): boolean {
	return n.head === null;
}

/**
 * Tells whether a chain is empty.
 * @kernel include/linux/list.h:819 (v5.10)
 */
export function hlist_empty<T>(h: hlist_head<T>): boolean {
	return h.first === null;
}

/**
 * Takes a node off its chain when it is on one. The node keeps `next`, so that a walk that stands
 * on it goes on.
 * @kernel include/linux/list.h:854 (v5.10)
 */
export function hlist_del_init<T>(n: hlist_node<T>): void {
	const h = n.head;
	if (h === null) return;
	if (n.prev !== null) n.prev.next = n.next;
	else h.first = n.next;
	if (n.next !== null) n.next.prev = n.prev;
	n.prev = null;
	n.head = null;
}

/**
 * Puts a node in front of a chain.
 * @kernel include/linux/list.h:870 (v5.10)
 */
export function hlist_add_head<T>(n: hlist_node<T>, h: hlist_head<T>): void {
	n.next = h.first;
	n.prev = null;
	n.head = h;
	if (h.first !== null) h.first.prev = n;
	h.first = n;
}

/**
 * Puts a node before another.
 * @kernel include/linux/list.h:885 (v5.10)
 */
export function hlist_add_before<T>(n: hlist_node<T>, next: hlist_node<T>): void {
	const h = next.head;
	if (h === null) return;
	n.head = h;
	n.prev = next.prev;
	n.next = next;
	if (next.prev !== null) next.prev.next = n;
	else h.first = n;
	next.prev = n;
}

/**
 * Puts a node behind another.
 * @kernel include/linux/list.h:899 (v5.10)
 */
export function hlist_add_behind<T>(n: hlist_node<T>, prev: hlist_node<T>): void {
	n.head = prev.head;
	n.prev = prev;
	n.next = prev.next;
	if (prev.next !== null) prev.next.prev = n;
	prev.next = n;
}

/**
 * Puts a node behind the last of a chain.
 * @kernel include/linux/rculist.h:616 (v5.10)
 */
export function hlist_add_tail_rcu<T>(n: hlist_node<T>, h: hlist_head<T>): void {
	let last = h.first;
	if (last === null) {
		hlist_add_head(n, h);
		return;
	}
	while (last.next !== null) last = last.next;
	hlist_add_behind(n, last);
}
