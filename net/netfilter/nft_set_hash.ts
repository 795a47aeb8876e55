// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_set_hash.c, base v5.10.
 *
 * Set backends over hash tables: one that grows, with timeouts and elements added by packets, and one of
 * fixed size, which is faster for keys of four bytes.
 *
 * PORT: the growing table is a chained one of its own instead of an rhashtable; it doubles and halves at
 * the same loads. Elements are chained by nft_set_ext.next.
 * Not ported: nft_rhash_privsize and nft_hash_privsize, the private part is an object; nft_rhash_cmp and
 * nft_rhash_elem_destroy, callbacks of rhashtable. nft_rhash_update() takes the register of the key.
 */
import { jhash, jhash_1word } from '../../include/linux/jhash.ts';
import { call_rcu } from '../../include/linux/machine.ts';
import {
	cancel_delayed_work_sync,
	delayed_work,
	queue_delayed_work,
} from '../../include/linux/workqueue.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type {
	nft_set_ext_ref,
	nft_set_iter,
	nft_set_new_t,
	nft_set_type,
	nft_ctx,
	nft_data,
	nft_expr,
	nft_regs,
	nft_set,
	nft_set_desc,
	nft_set_estimate,
	nft_set_ext,
} from '../../include/net/netfilter/nf_tables.ts';
import {
	NFT_GENMASK_ANY,
	NFT_SET_CLASS_O_1,
	NFT_SET_CLASS_O_N,
	nft_data_cmp,
	nft_genmask_cur,
	nft_genmask_next,
	nft_is_active,
	nft_reg_cmp,
	nft_set_elem,
	nft_set_elem_active,
	nft_set_elem_change_active,
	nft_set_elem_clear_busy,
	nft_set_elem_expired,
	nft_set_elem_mark_busy,
	nft_set_gc_interval,
	nft_set_priv,
} from '../../include/net/netfilter/nf_tables.ts';
import { EEXIST, ENOENT } from '../../include/uapi/linux/errno.ts';
import {
	NFT_REG32_SIZE,
	NFT_SET_EVAL,
	NFT_SET_MAP,
	NFT_SET_OBJECT,
	NFT_SET_TIMEOUT,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { nft_set_elem_destroy, nft_set_gc_batch_release } from './nf_tables_api.ts';

/* An rhashtable begins with four buckets for this hint. */
const NFT_RHASH_ELEMENT_HINT = 3;
const NFT_RHASH_MIN_SIZE = 4;

/** Private part of a growing set. */
class nft_rhash {
	table: (nft_set_ext | null)[];
	nelems = 0;
	/** Lower bound of the buckets. */
	readonly min_size: number;
	readonly seed: number;
	readonly gc_work: delayed_work;

	constructor(set: nft_set) {
		this.seed = set.net.machine.random_u32();
		this.min_size = NFT_RHASH_MIN_SIZE;
		this.table = [];
		this.gc_work = new delayed_work(set.net.machine, () => nft_rhash_gc(set));
	}
}

/**
 * Bucket count for a number of elements: room for a third more, rounded up.
 * @kernel PORT: lib/rhashtable.c rounded_hashtable_size
 */
function rounded_hashtable_size(nelem_hint: number): number {
	let size = NFT_RHASH_MIN_SIZE;
	while (size < Math.floor((nelem_hint * 4) / 3)) size *= 2;
	return size;
}

/**
 * Moves all elements to a table of another size.
 * @kernel PORT: lib/rhashtable.c rhashtable_rehash_table
 */
function nft_rhash_resize(priv: nft_rhash, size: number): void {
	const table = new Array<nft_set_ext | null>(size).fill(null);
	for (const head of priv.table) {
		for (let he = head; he !== null;) {
			const next: nft_set_ext | null = he.next;
			const b = he.hash & (size - 1);
			he.next = table[b];
			table[b] = he;
			he = next;
		}
	}
	priv.table = table;
}

/**
 * Adds an element.
 * @kernel PORT: rhashtable_insert_fast
 */
function nft_rhash_link(priv: nft_rhash, he: nft_set_ext): void {
	const b = he.hash & (priv.table.length - 1);
	he.next = priv.table[b];
	priv.table[b] = he;
	if (++priv.nelems > (priv.table.length / 4) * 3)
		nft_rhash_resize(priv, priv.table.length * 2);
}

/**
 * Takes an element out.
 * @returns false when it is not in
 * @kernel PORT: rhashtable_remove_fast
 */
function nft_rhash_unlink(priv: nft_rhash, elem: nft_set_ext): boolean {
	const b = elem.hash & (priv.table.length - 1);
	let prev: nft_set_ext | null = null;
	for (let he = priv.table[b]; he !== null; prev = he, he = he.next) {
		if (he !== elem) continue;
		if (prev === null) priv.table[b] = he.next;
		else prev.next = he.next;
		he.next = null;
		priv.nelems--;
		if (priv.nelems < priv.table.length * 0.3 && priv.table.length > priv.min_size)
			nft_rhash_resize(priv, priv.table.length / 2);
		return true;
	}
	return false;
}

/**
 * Hash of a key in registers.
 * @kernel net/netfilter/nft_set_hash.c:40 (v5.10)
 */
function nft_rhash_key(set: nft_set, regs: nft_regs, sreg: number, seed: number): number {
	return jhash(regs.data8, sreg * NFT_REG32_SIZE, set.klen, seed);
}

/**
 * Hash of an element's key.
 * @kernel net/netfilter/nft_set_hash.c:47 (v5.10)
 */
function nft_rhash_obj(set: nft_set, key: nft_data, seed: number): number {
	return jhash(key.data8, 0, set.klen, seed);
}

/**
 * Finds a live element by registers.
 * @param genmask bits of the generations it must be active in
 * @returns null when there is none
 * @kernel PORT: rhashtable_lookup with nft_rhash_cmp, key in registers
 */
function nft_rhash_find(
	set: nft_set,
	regs: nft_regs,
	sreg: number,
	genmask: number,
): nft_set_ext | null {
	const priv = nft_set_priv<nft_rhash>(set);
	const hash = nft_rhash_key(set, regs, sreg, priv.seed);
	let he = priv.table[hash & (priv.table.length - 1)];
	for (; he !== null; he = he.next) {
		if (he.hash !== hash || nft_reg_cmp(regs, sreg, he.key, set.klen) !== 0) continue;
		if (nft_set_elem_expired(set.net.machine, he)) continue;
		if (!nft_set_elem_active(he, genmask)) continue;
		return he;
	}
	return null;
}

/**
 * Finds a live element by its key.
 * @param genmask bits of the generations it must be active in
 * @returns null when there is none
 * @kernel PORT: rhashtable_lookup with nft_rhash_cmp
 */
function nft_rhash_find_key(set: nft_set, key: nft_data, genmask: number): nft_set_ext | null {
	const priv = nft_set_priv<nft_rhash>(set);
	const hash = nft_rhash_obj(set, key, priv.seed);
	let he = priv.table[hash & (priv.table.length - 1)];
	for (; he !== null; he = he.next) {
		if (he.hash !== hash || nft_data_cmp(key, he.key, set.klen) !== 0) continue;
		if (nft_set_elem_expired(set.net.machine, he)) continue;
		if (!nft_set_elem_active(he, genmask)) continue;
		return he;
	}
	return null;
}

/**
 * Looks a packet's key up.
 * @kernel net/netfilter/nft_set_hash.c:77 (v5.10)
 */
function nft_rhash_lookup(
	net: net,
	set: nft_set,
	regs: nft_regs,
	sreg: number,
): nft_set_ext | null {
	return nft_rhash_find(set, regs, sreg, nft_genmask_cur(net));
}

/**
 * Looks a key up for a request.
 * @returns the element or -ENOENT
 * @kernel net/netfilter/nft_set_hash.c:95 (v5.10)
 */
function nft_rhash_get(net: net, set: nft_set, elem: nft_set_elem): nft_set_ext | number {
	return nft_rhash_find_key(set, elem.key, nft_genmask_cur(net)) ?? -ENOENT;
}

/**
 * Finds a packet's key or adds it.
 * @returns null when it cannot be added
 * @kernel net/netfilter/nft_set_hash.c:113 (v5.10)
 */
function nft_rhash_update(
	set: nft_set,
	regs: nft_regs,
	sreg: number,
	create: nft_set_new_t,
	expr: nft_expr,
): nft_set_ext | null {
	const priv = nft_set_priv<nft_rhash>(set);
	const found = nft_rhash_find(set, regs, sreg, NFT_GENMASK_ANY);
	if (found !== null) return found;

	const he = create(set, expr, regs);
	if (he === null) return null;

	he.hash = nft_rhash_obj(set, he.key, priv.seed);
	nft_rhash_link(priv, he);
	return he;
}

/**
 * Adds an element.
 * @returns 0, -EEXIST
 * @kernel net/netfilter/nft_set_hash.c:158 (v5.10)
 */
function nft_rhash_insert(
	net: net,
	set: nft_set,
	elem: nft_set_elem,
	ref: nft_set_ext_ref,
): number {
	const priv = nft_set_priv<nft_rhash>(set);
	const he = elem.priv!;

	const prev = nft_rhash_find_key(set, elem.key, nft_genmask_next(net));
	if (prev !== null) {
		ref.ext = prev;
		return -EEXIST;
	}
	he.hash = nft_rhash_obj(set, he.key, priv.seed);
	nft_rhash_link(priv, he);
	return 0;
}

/**
 * Makes an element active after a commit.
 * @kernel net/netfilter/nft_set_hash.c:182 (v5.10)
 */
function nft_rhash_activate(net: net, _set: nft_set, elem: nft_set_elem): void {
	const he = elem.priv!;

	nft_set_elem_change_active(net, he);
	nft_set_elem_clear_busy(he);
}

/**
 * Makes an element inactive in the next generation.
 * @returns false when the collector has it
 * @kernel net/netfilter/nft_set_hash.c:191 (v5.10)
 */
function nft_rhash_flush(net: net, _set: nft_set, he: nft_set_ext): boolean {
	if (!nft_set_elem_mark_busy(he) || !nft_is_active(net, he)) {
		nft_set_elem_change_active(net, he);
		return true;
	}
	return false;
}

/**
 * Finds an element and makes it inactive in the next generation.
 * @returns null when there is none
 * @kernel net/netfilter/nft_set_hash.c:204 (v5.10)
 */
function nft_rhash_deactivate(net: net, set: nft_set, elem: nft_set_elem): nft_set_ext | null {
	const he = nft_rhash_find_key(set, elem.key, nft_genmask_next(net));
	if (he !== null && !nft_rhash_flush(net, set, he)) return null;
	return he;
}

/**
 * Takes an element out.
 * @kernel net/netfilter/nft_set_hash.c:227 (v5.10)
 */
function nft_rhash_remove(_net: net, set: nft_set, elem: nft_set_elem): void {
	nft_rhash_unlink(nft_set_priv<nft_rhash>(set), elem.priv!);
}

/**
 * Takes a packet's key out. As in C the element is not destroyed, nor does the count change.
 * @kernel net/netfilter/nft_set_hash.c:237 (v5.10)
 */
function nft_rhash_delete(set: nft_set, regs: nft_regs, sreg: number): boolean {
	const he = nft_rhash_find(set, regs, sreg, NFT_GENMASK_ANY);
	if (he === null) return false;

	return nft_rhash_unlink(nft_set_priv<nft_rhash>(set), he);
}

/**
 * Calls a function for each live element.
 * @kernel net/netfilter/nft_set_hash.c:255 (v5.10)
 */
function nft_rhash_walk(ctx: nft_ctx, set: nft_set, iter: nft_set_iter): void {
	const m = set.net.machine;

	for (const head of nft_set_priv<nft_rhash>(set).table) {
		for (let he = head; he !== null; he = he.next) {
			if (
				iter.count >= iter.skip &&
				!nft_set_elem_expired(m, he) &&
				nft_set_elem_active(he, iter.genmask)
			) {
				const elem = new nft_set_elem(he.key);
				elem.priv = he;

				iter.err = iter.fn(ctx, set, iter, elem);
				if (iter.err < 0) return;
			}
			iter.count++;
		}
	}
}

/**
 * Takes dead elements out, and arms itself again.
 * @kernel net/netfilter/nft_set_hash.c:296 (v5.10)
 */
function nft_rhash_gc(set: nft_set): void {
	const priv = nft_set_priv<nft_rhash>(set);
	const m = set.net.machine;
	const gcb: nft_set_ext[] = [];

	for (const head of priv.table) {
		for (let he = head; he !== null; he = he.next) {
			const expr = he.expr;
			const dead =
				expr !== null &&
				expr.ops.gc !== undefined &&
				expr.ops.gc(set.net, expr);

			if (!dead && !nft_set_elem_expired(m, he)) continue;
			if (nft_set_elem_mark_busy(he)) continue;

			gcb.push(he);
		}
	}
	for (const he of gcb) {
		nft_rhash_unlink(priv, he);
		set.nelems--;
	}

	if (gcb.length > 0) call_rcu(m, () => nft_set_gc_batch_release(set, gcb));
	queue_delayed_work(priv.gc_work, nft_set_gc_interval(set));
}

/**
 * Arms the collector.
 * @kernel net/netfilter/nft_set_hash.c:351 (v5.10)
 */
function nft_rhash_gc_init(set: nft_set): void {
	queue_delayed_work(nft_set_priv<nft_rhash>(set).gc_work, nft_set_gc_interval(set));
}

/**
 * Sets a set up.
 * @returns 0
 * @kernel net/netfilter/nft_set_hash.c:359 (v5.10)
 */
function nft_rhash_init(set: nft_set, desc: nft_set_desc): number {
	const priv = nft_set_priv<nft_rhash>(set);
	const hint = desc.size !== 0 ? desc.size : NFT_RHASH_ELEMENT_HINT;

	priv.table = new Array<nft_set_ext | null>(rounded_hashtable_size(hint)).fill(null);
	if ((set.flags & NFT_SET_TIMEOUT) !== 0) nft_rhash_gc_init(set);
	return 0;
}

/**
 * Destroys a set's elements.
 * @kernel net/netfilter/nft_set_hash.c:386 (v5.10)
 */
function nft_rhash_destroy(set: nft_set): void {
	const priv = nft_set_priv<nft_rhash>(set);

	cancel_delayed_work_sync(priv.gc_work);
	for (const head of priv.table) {
		for (let he = head; he !== null; he = he.next) nft_set_elem_destroy(set, he, true);
	}
	priv.table = [];
}

/**
 * Buckets for a set of fixed size.
 * @kernel net/netfilter/nft_set_hash.c:396 (v5.10)
 */
function nft_hash_buckets(size: number): number {
	const n = Math.floor((size * 4) / 3);
	let buckets = 1;
	while (buckets < n) buckets *= 2;
	return buckets;
}

/**
 * Says what a growing set costs; it takes every set.
 * @kernel net/netfilter/nft_set_hash.c:401 (v5.10)
 */
function nft_rhash_estimate(
	_desc: nft_set_desc,
	_features: number,
	est: nft_set_estimate,
): boolean {
	est.size = Infinity;
	est.lookup = NFT_SET_CLASS_O_1;
	est.space = NFT_SET_CLASS_O_N;
	return true;
}

/** Private part of a set of fixed size. */
class nft_hash {
	seed = 0;
	buckets = 0;
	table: (nft_set_ext | null)[] = [];
}

/**
 * Scales a hash down to a bucket.
 * @kernel PORT: include/linux/kernel.h reciprocal_scale
 */
function reciprocal_scale(val: number, ep_ro: number): number {
	return Math.floor((val / 0x100000000) * ep_ro);
}

/**
 * Looks a packet's key up.
 * @kernel net/netfilter/nft_set_hash.c:422 (v5.10)
 */
function nft_hash_lookup(net: net, set: nft_set, regs: nft_regs, sreg: number): nft_set_ext | null {
	const priv = nft_set_priv<nft_hash>(set);
	const genmask = nft_genmask_cur(net);
	const hash = reciprocal_scale(
		jhash(regs.data8, sreg * NFT_REG32_SIZE, set.klen, priv.seed),
		priv.buckets,
	);

	for (let he = priv.table[hash]; he !== null; he = he.next) {
		if (
			nft_reg_cmp(regs, sreg, he.key, set.klen) === 0 &&
			nft_set_elem_active(he, genmask)
		)
			return he;
	}
	return null;
}

/**
 * Looks a key up for a request. For four bytes jhash() and jhash_1word() agree.
 * @returns the element or -ENOENT
 * @kernel net/netfilter/nft_set_hash.c:442 (v5.10)
 */
function nft_hash_get(net: net, set: nft_set, elem: nft_set_elem): nft_set_ext | number {
	const priv = nft_set_priv<nft_hash>(set);
	const genmask = nft_genmask_cur(net);
	const hash = reciprocal_scale(jhash(elem.key.data8, 0, set.klen, priv.seed), priv.buckets);

	for (let he = priv.table[hash]; he !== null; he = he.next) {
		if (
			nft_data_cmp(he.key, elem.key, set.klen) === 0 &&
			nft_set_elem_active(he, genmask)
		)
			return he;
	}
	return -ENOENT;
}

/**
 * Looks a packet's key of four bytes up.
 * @kernel net/netfilter/nft_set_hash.c:460 (v5.10)
 */
function nft_hash_lookup_fast(
	net: net,
	set: nft_set,
	regs: nft_regs,
	sreg: number,
): nft_set_ext | null {
	const priv = nft_set_priv<nft_hash>(set);
	const genmask = nft_genmask_cur(net);
	const k1 = regs.data[sreg];
	const hash = reciprocal_scale(jhash_1word(k1, priv.seed), priv.buckets);

	for (let he = priv.table[hash]; he !== null; he = he.next) {
		if (k1 === he.key.data[0] && nft_set_elem_active(he, genmask)) return he;
	}
	return null;
}

/**
 * Bucket of an element.
 * @kernel net/netfilter/nft_set_hash.c:483 (v5.10)
 */
function nft_jhash(set: nft_set, priv: nft_hash, key: nft_data): number {
	const hash =
		set.klen === 4
			? jhash_1word(key.data[0], priv.seed)
			: jhash(key.data8, 0, set.klen, priv.seed);
	return reciprocal_scale(hash, priv.buckets);
}

/**
 * Adds an element.
 * @returns 0, -EEXIST
 * @kernel net/netfilter/nft_set_hash.c:500 (v5.10)
 */
function nft_hash_insert(net: net, set: nft_set, elem: nft_set_elem, ref: nft_set_ext_ref): number {
	const priv = nft_set_priv<nft_hash>(set);
	const self = elem.priv!;
	const genmask = nft_genmask_next(net);
	const hash = nft_jhash(set, priv, self.key);

	for (let he = priv.table[hash]; he !== null; he = he.next) {
		if (
			nft_data_cmp(self.key, he.key, set.klen) === 0 &&
			nft_set_elem_active(he, genmask)
		) {
			ref.ext = he;
			return -EEXIST;
		}
	}
	self.hash = hash;
	self.next = priv.table[hash];
	priv.table[hash] = self;
	return 0;
}

/**
 * Makes an element active after a commit.
 * @kernel net/netfilter/nft_set_hash.c:522 (v5.10)
 */
function nft_hash_activate(net: net, _set: nft_set, elem: nft_set_elem): void {
	nft_set_elem_change_active(net, elem.priv!);
}

/**
 * Makes an element inactive in the next generation.
 * @kernel net/netfilter/nft_set_hash.c:530 (v5.10)
 */
function nft_hash_flush(net: net, _set: nft_set, he: nft_set_ext): boolean {
	nft_set_elem_change_active(net, he);
	return true;
}

/**
 * Finds an element and makes it inactive in the next generation.
 * @returns null when there is none
 * @kernel net/netfilter/nft_set_hash.c:539 (v5.10)
 */
function nft_hash_deactivate(net: net, set: nft_set, elem: nft_set_elem): nft_set_ext | null {
	const priv = nft_set_priv<nft_hash>(set);
	const genmask = nft_genmask_next(net);
	const hash = nft_jhash(set, priv, elem.key);

	for (let he = priv.table[hash]; he !== null; he = he.next) {
		if (
			nft_data_cmp(he.key, elem.key, set.klen) === 0 &&
			nft_set_elem_active(he, genmask)
		) {
			nft_set_elem_change_active(net, he);
			return he;
		}
	}
	return null;
}

/**
 * Takes an element out.
 * @kernel net/netfilter/nft_set_hash.c:560 (v5.10)
 */
function nft_hash_remove(_net: net, set: nft_set, elem: nft_set_elem): void {
	const priv = nft_set_priv<nft_hash>(set);
	const self = elem.priv!;
	let prev: nft_set_ext | null = null;

	for (let he = priv.table[self.hash]; he !== null; prev = he, he = he.next) {
		if (he !== self) continue;
		if (prev === null) priv.table[self.hash] = he.next;
		else prev.next = he.next;
		he.next = null;
		return;
	}
}

/**
 * Calls a function for each element.
 * @kernel net/netfilter/nft_set_hash.c:569 (v5.10)
 */
function nft_hash_walk(ctx: nft_ctx, set: nft_set, iter: nft_set_iter): void {
	for (const head of nft_set_priv<nft_hash>(set).table) {
		for (let he = head; he !== null; he = he.next) {
			if (iter.count >= iter.skip && nft_set_elem_active(he, iter.genmask)) {
				const elem = new nft_set_elem(he.key);
				elem.priv = he;

				iter.err = iter.fn(ctx, set, iter, elem);
				if (iter.err < 0) return;
			}
			iter.count++;
		}
	}
}

/**
 * Sets a set up.
 * @returns 0
 * @kernel net/netfilter/nft_set_hash.c:602 (v5.10)
 */
function nft_hash_init(set: nft_set, desc: nft_set_desc): number {
	const priv = nft_set_priv<nft_hash>(set);

	priv.buckets = nft_hash_buckets(desc.size);
	priv.table = new Array<nft_set_ext | null>(priv.buckets).fill(null);
	priv.seed = set.net.machine.random_u32();
	return 0;
}

/**
 * Destroys a set's elements.
 * @kernel net/netfilter/nft_set_hash.c:614 (v5.10)
 */
function nft_hash_destroy(set: nft_set): void {
	const priv = nft_set_priv<nft_hash>(set);

	for (const head of priv.table) {
		for (let he = head; he !== null; he = he.next) nft_set_elem_destroy(set, he, true);
	}
	priv.table = [];
}

/* sizes in C, for the comparison of backends */
const NFT_HASH_SIZE = 8;
const HLIST_HEAD_SIZE = 8;
const NFT_HASH_ELEM_SIZE = 32;

/**
 * Says what a set of fixed size costs; the size must be known and the key not of four bytes.
 * @kernel net/netfilter/nft_set_hash.c:629 (v5.10)
 */
function nft_hash_estimate(desc: nft_set_desc, _features: number, est: nft_set_estimate): boolean {
	if (desc.size === 0) return false;

	if (desc.klen === 4) return false;

	est.size =
		NFT_HASH_SIZE +
		nft_hash_buckets(desc.size) * HLIST_HEAD_SIZE +
		desc.size * NFT_HASH_ELEM_SIZE;
	est.lookup = NFT_SET_CLASS_O_1;
	est.space = NFT_SET_CLASS_O_N;
	return true;
}

/**
 * Says what a set of fixed size costs; the size must be known and the key of four bytes.
 * @kernel net/netfilter/nft_set_hash.c:647 (v5.10)
 */
function nft_hash_fast_estimate(
	desc: nft_set_desc,
	_features: number,
	est: nft_set_estimate,
): boolean {
	if (desc.size === 0) return false;

	if (desc.klen !== 4) return false;

	est.size =
		NFT_HASH_SIZE +
		nft_hash_buckets(desc.size) * HLIST_HEAD_SIZE +
		desc.size * NFT_HASH_ELEM_SIZE;
	est.lookup = NFT_SET_CLASS_O_1;
	est.space = NFT_SET_CLASS_O_N;
	return true;
}

export const nft_set_rhash_type: nft_set_type = {
	features: NFT_SET_MAP | NFT_SET_OBJECT | NFT_SET_TIMEOUT | NFT_SET_EVAL,
	ops: {
		priv: (set) => new nft_rhash(set),
		estimate: nft_rhash_estimate,
		init: nft_rhash_init,
		gc_init: nft_rhash_gc_init,
		destroy: nft_rhash_destroy,
		insert: nft_rhash_insert,
		activate: nft_rhash_activate,
		deactivate: nft_rhash_deactivate,
		flush: nft_rhash_flush,
		remove: nft_rhash_remove,
		lookup: nft_rhash_lookup,
		update: nft_rhash_update,
		delete: nft_rhash_delete,
		walk: nft_rhash_walk,
		get: nft_rhash_get,
	},
};

export const nft_set_hash_type: nft_set_type = {
	features: NFT_SET_MAP | NFT_SET_OBJECT,
	ops: {
		priv: () => new nft_hash(),
		estimate: nft_hash_estimate,
		init: nft_hash_init,
		gc_init: null,
		destroy: nft_hash_destroy,
		insert: nft_hash_insert,
		activate: nft_hash_activate,
		deactivate: nft_hash_deactivate,
		flush: nft_hash_flush,
		remove: nft_hash_remove,
		lookup: nft_hash_lookup,
		update: null,
		delete: null,
		walk: nft_hash_walk,
		get: nft_hash_get,
	},
};

export const nft_set_hash_fast_type: nft_set_type = {
	features: NFT_SET_MAP | NFT_SET_OBJECT,
	ops: {
		priv: () => new nft_hash(),
		estimate: nft_hash_fast_estimate,
		init: nft_hash_init,
		gc_init: null,
		destroy: nft_hash_destroy,
		insert: nft_hash_insert,
		activate: nft_hash_activate,
		deactivate: nft_hash_deactivate,
		flush: nft_hash_flush,
		remove: nft_hash_remove,
		lookup: nft_hash_lookup_fast,
		update: null,
		delete: null,
		walk: nft_hash_walk,
		get: nft_hash_get,
	},
};
