/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/rhashtable.h with lib/rhashtable.c, base v5.10: a hash table that grows and shrinks.
 *
 * PORT: entries are of the shape of rhash_head, which carries the hash of the key. In place of a second table, filled by a
 * worker, this one grows and shrinks by a chain at a time with the inserts and removals that make it necessary
 * (linear hashing): no step of it is long, and a lookup looks in one place.
 * Not ported: nested tables, rhltables, insecure elasticity limits: keys may be inserted twice, as
 * rhashtable_insert_fast() without a key allows.
 */
import { jhash2 } from './jhash.ts';

const HASH_DEFAULT_SIZE = 64;
/** Chains that an insert may add, and a removal take away: enough to keep up. */
const GROW_STEP = 2;
const SHRINK_STEP = 4;

/** What an entry of a table is made of. */
export class rhash_head {
	/** Next entry of the chain; still valid after removal, for a walk that stands on it. */
	rhash_next: rhash_head | null = null;
	/** 32 bits, signed. */
	hash = 0;
}

/** An entry whose key is some 32-bit words; they do not change while it is in a table. */
export class rhash_words_head extends rhash_head {
	readonly key: Int32Array;

	constructor(key: Int32Array) {
		super();
		this.key = key;
	}
}

/** How the keys of a table are hashed and compared. */
export class rhashtable_params<K, T extends rhash_head> {
	/** Hash of a key, 32 bits, signed. */
	readonly hashfn: (key: K, seed: number) => number;
	/** Hash of the key of an entry. */
	readonly obj_hashfn: (obj: T, seed: number) => number;
	/** Tells whether a key is that of an entry; C answers 0 for yes. */
	readonly obj_cmpfn: (key: K, obj: T) => boolean;

	constructor(
		hashfn: (key: K, seed: number) => number,
		obj_hashfn: (obj: T, seed: number) => number,
		obj_cmpfn: (key: K, obj: T) => boolean,
	) {
		this.hashfn = hashfn;
		this.obj_hashfn = obj_hashfn;
		this.obj_cmpfn = obj_cmpfn;
	}
}

/**
 * Parameters of a table that hashes and compares all words of a key.
 * @param words how many
 * @kernel include/linux/rhashtable.h:140 (v5.10), key_len without functions
 */
export function rhashtable_words<T extends rhash_words_head>(
	words: number,
): rhashtable_params<Int32Array, T> {
	const hash = (key: Int32Array, seed: number): number => jhash2(key, words, seed) | 0;
	return new rhashtable_params(
		hash,
		(obj, seed) => hash(obj.key, seed),
		(key, obj) => {
			for (let i = 0; i < words; i++) if (key[i] !== obj.key[i]) return false;
			return true;
		},
	);
}

/** A table. */
export class rhashtable<T extends rhash_head> {
	/** Chains. */
	readonly tbl: (rhash_head | null)[] = [];
	/** Chains of the last doubling, less one; all that came after it are halves of the first ones. */
	mask = HASH_DEFAULT_SIZE - 1;
	/** Walks that nothing may move under. */
	walks = 0;
	nelems = 0;
	readonly p: rhashtable_params<never, T>;
	/** 32 bits, signed. */
	readonly hash_rnd: number;
	/** Entries are of this class; only for the type. */
	declare readonly entry: T;

	constructor(p: rhashtable_params<never, T>, hash_rnd: number) {
		this.p = p;
		this.hash_rnd = hash_rnd | 0;
		while (this.tbl.length < HASH_DEFAULT_SIZE) this.tbl.push(null);
	}
}

/**
 * Chain of a hash.
 * @kernel PORT: include/linux/rhashtable.h:119 rht_bucket_index
 */
function rht_bucket_index<T extends rhash_head>(ht: rhashtable<T>, hash: number): number {
	const wide = hash & ((ht.mask << 1) | 1);
	return wide < ht.tbl.length ? wide : hash & ht.mask;
}

/**
 * Halves the next chain, the other half being a new last one.
 * @kernel PORT: lib/rhashtable.c:218 rhashtable_rehash_one, for a chain
 */
function rhashtable_expand<T extends rhash_head>(ht: rhashtable<T>): void {
	const { tbl } = ht;
	const last = tbl.length;
	const wide = (ht.mask << 1) | 1;
	const from = last & ht.mask;
	let stay: rhash_head | null = null;
	let go: rhash_head | null = null;
	for (let he = tbl[from]; he !== null; ) {
		const next: rhash_head | null = he.rhash_next;
		if ((he.hash & wide) === last) {
			he.rhash_next = go;
			go = he;
		} else {
			he.rhash_next = stay;
			stay = he;
		}
		he = next;
	}
	tbl[from] = stay;
	tbl.push(go);
	if (last === wide) ht.mask = wide;
}

/**
 * Puts the last chain before the one that it was taken from.
 * @kernel PORT: lib/rhashtable.c:361 rhashtable_shrink, a chain of it
 */
function rhashtable_shrink<T extends rhash_head>(ht: rhashtable<T>): void {
	const { tbl } = ht;
	if (tbl.length === ht.mask + 1) ht.mask >>= 1;
	const head = tbl.pop()!;
	if (head === null) return;
	let tail: rhash_head = head;
	while (tail.rhash_next !== null) tail = tail.rhash_next;
	const to = tbl.length & ht.mask;
	tail.rhash_next = tbl[to];
	tbl[to] = head;
}

/**
 * Tells whether a table is more than three quarters full.
 * @kernel include/linux/rhashtable.h:182 (v5.10)
 */
function rht_grow_above_75<T extends rhash_head>(ht: rhashtable<T>): boolean {
	return ht.nelems * 4 > ht.tbl.length * 3;
}

/**
 * Tells whether less than 30 % of a table are in use; it never gets smaller than it began.
 * @kernel include/linux/rhashtable.h:195 (v5.10)
 */
function rht_shrink_below_30<T extends rhash_head>(ht: rhashtable<T>): boolean {
	return ht.nelems * 10 < ht.tbl.length * 3 && ht.tbl.length > HASH_DEFAULT_SIZE;
}

/**
 * Finds an entry by its key.
 * @param params those of the table
 * @returns the entry or null
 * @kernel include/linux/rhashtable.h:634 (v5.10)
 */
export function rhashtable_lookup<K, T extends rhash_head>(
	ht: rhashtable<T>,
	key: K,
	params: rhashtable_params<K, T>,
): T | null {
	const hash = params.hashfn(key, ht.hash_rnd);
	let he = ht.tbl[rht_bucket_index(ht, hash)];
	while (he !== null && (he.hash !== hash || !params.obj_cmpfn(key, he as T)))
		he = he.rhash_next;
	return he as T | null;
}

/**
 * Adds an entry; another one with the same key may be there.
 * @returns 0
 * @kernel include/linux/rhashtable.h:819 (v5.10)
 */
export function rhashtable_insert_fast<T extends rhash_head>(ht: rhashtable<T>, obj: T): number {
	obj.hash = ht.p.obj_hashfn(obj, ht.hash_rnd);
	const b = rht_bucket_index(ht, obj.hash);
	obj.rhash_next = ht.tbl[b];
	ht.tbl[b] = obj;
	ht.nelems++;
	for (let i = 0; i < GROW_STEP && ht.walks === 0 && rht_grow_above_75(ht); i++)
		rhashtable_expand(ht);
	return 0;
}

/**
 * Removes an entry. Its own link stays for walks.
 * @returns 0, or -2 (ENOENT) when it is not there
 * @kernel include/linux/rhashtable.h:1108 (v5.10)
 */
export function rhashtable_remove_fast<T extends rhash_head>(ht: rhashtable<T>, obj: T): number {
	const { tbl } = ht;
	const b = rht_bucket_index(ht, obj.hash);
	let prev: rhash_head | null = null;
	let he = tbl[b];
	while (he !== obj) {
		if (he === null) return -2;
		prev = he;
		he = he.rhash_next;
	}
	if (prev === null) tbl[b] = obj.rhash_next;
	else prev.rhash_next = obj.rhash_next;
	ht.nelems--;
	for (let i = 0; i < SHRINK_STEP && ht.walks === 0 && rht_shrink_below_30(ht); i++)
		rhashtable_shrink(ht);
	return 0;
}

/** A walk that may pause: struct rhashtable_iter. It goes from the last chain to the first. */
export class rhashtable_iter<T extends rhash_head> {
	readonly ht: rhashtable<T>;
	/** The chain after the next. */
	slot: number;
	/** Where this round ends, and where it began. */
	low = 0;
	top: number;

	constructor(ht: rhashtable<T>) {
		this.ht = ht;
		this.slot = this.top = ht.tbl.length;
	}
}

/**
 * Begins a walk.
 * @kernel PORT: lib/rhashtable.c:675 rhashtable_walk_enter
 */
export function rhashtable_walk_enter<T extends rhash_head>(ht: rhashtable<T>): rhashtable_iter<T> {
	return new rhashtable_iter(ht);
}

/**
 * Goes on with a walk, whole chains at a time. What the table moves meanwhile may be visited twice, as in C: shrinking
 * moves it to where the walk is still to come, and what growing moves to the end is visited in a round of its own.
 * @param budget entries after which to pause
 * @returns true at the end of the table
 * @kernel PORT: lib/rhashtable.c:913 rhashtable_walk_next, of several entries
 */
export function rhashtable_walk_some<T extends rhash_head>(
	iter: rhashtable_iter<T>,
	budget: number,
	fn: (obj: T) => void,
): boolean {
	const { tbl } = iter.ht;
	let { slot } = iter;
	for (;;) {
		if (slot > tbl.length) slot = tbl.length;
		if (slot <= iter.low) {
			if (tbl.length <= iter.top) return true;
			iter.low = iter.top;
			slot = iter.top = tbl.length;
		}
		if (budget <= 0) break;
		let he = tbl[--slot];
		while (he !== null) {
			const next = he.rhash_next;
			fn(he as T);
			he = next;
			budget--;
		}
	}
	iter.slot = slot;
	return false;
}

/**
 * Visits every entry once; those that the visitor removes are no trouble.
 * @kernel PORT: lib/rhashtable.c:913 rhashtable_walk_next
 */
export function rhashtable_walk<T extends rhash_head>(ht: rhashtable<T>, fn: (obj: T) => void): void {
	ht.walks++;
	for (let he of ht.tbl)
		while (he !== null) {
			const next = he.rhash_next;
			fn(he as T);
			he = next;
		}
	if (--ht.walks === 0) while (rht_shrink_below_30(ht)) rhashtable_shrink(ht);
}
