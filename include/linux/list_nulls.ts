/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/list_nulls.h with include/linux/rculist_nulls.h, base v5.10: chains of a hash table.
 *
 * PORT: the node is the element itself. A node knows the chain it is on, which stands for both the
 * pprev pointer and the nulls value: a walker sees by it that an element went to another chain. An
 * element keeps its `next` when it is taken out, as after hlist_nulls_del_rcu().
 */

/** Fields that an element of a chain has. */
export interface hlist_nulls_node<T> {
	hnnode_next: T | null;
	hnnode_prev: T | null;
	/** Chain it is on, null when on none. */
	hnnode_head: hlist_nulls_head<T> | null;
}

/** A chain. */
export class hlist_nulls_head<T> {
	first: T | null = null;
}

/**
 * Tells whether an element is on no chain.
 * @kernel include/linux/list_nulls.h:67 (v5.10)
 */
export function hlist_nulls_unhashed<T extends hlist_nulls_node<T>>(h: T): boolean {
	return h.hnnode_head === null;
}

/**
 * Tells whether a chain is empty.
 * @kernel include/linux/list_nulls.h:86 (v5.10)
 */
export function hlist_nulls_empty<T>(h: hlist_nulls_head<T>): boolean {
	return h.first === null;
}

/**
 * Puts an element in front of a chain.
 * @kernel include/linux/list_nulls.h:91 (v5.10)
 */
export function hlist_nulls_add_head<T extends hlist_nulls_node<T>>(
	n: T,
	h: hlist_nulls_head<T>,
): void {
	const first = h.first;
	n.hnnode_next = first;
	n.hnnode_prev = null;
	n.hnnode_head = h;
	h.first = n;
	if (first !== null) first.hnnode_prev = n;
}

/**
 * Marks an element as hashed though it is on no chain that anyone walks.
 * @kernel include/linux/rculist_nulls.h:149 (v5.10)
 */
export function hlist_nulls_add_fake<T extends hlist_nulls_node<T>>(n: T): void {
	hlist_nulls_add_head(n, new hlist_nulls_head<T>());
}

/**
 * Takes an element off its chain; nothing happens when it is on none.
 * @kernel include/linux/list_nulls.h:113 (v5.10)
 */
export function hlist_nulls_del<T extends hlist_nulls_node<T>>(n: T): void {
	const head = n.hnnode_head;
	if (head === null) return;
	const next = n.hnnode_next;
	if (n.hnnode_prev !== null) n.hnnode_prev.hnnode_next = next;
	else head.first = next;
	if (next !== null) next.hnnode_prev = n.hnnode_prev;
	n.hnnode_prev = null;
	n.hnnode_head = null;
}
