/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/rhashtable.h with lib/rhashtable.c, base v5.10: a hash table that grows and shrinks.
 *
 * PORT: entries derive from rhash_head, which says where the 32-bit words of the key are and carries its hash;
 * the keys of many entries may lie in one array. A resize moves the
 * chains a few at a time with each insert and removal instead of in a worker; during it a lookup looks in both
 * tables, as in C.
 * Not ported: nested tables, rhltables, insecure elasticity limits: keys may be inserted twice, as
 * rhashtable_insert_fast() without a key allows.
 */
import { jhash2 } from './jhash.ts';

const HASH_DEFAULT_SIZE = 64;
const HASH_MIN_SIZE = 4;
/** Chains moved with each insert or removal while a resize is under way. */
const REHASH_STEP = 8;

/** What an entry of a table is made of. */
export class rhash_head {
	/** Next entry of the chain; still valid after removal, for a walk that stands on it. */
	rhash_next: rhash_head | null = null;
	/** 32 bits, signed. */
	hash = 0;
	/** Where the key words are; they do not change while the entry is in a table. */
	readonly key: Int32Array;
	/** The first of them. */
	readonly key_at: number;

	constructor(key: Int32Array, key_at = 0) {
		this.key = key;
		this.key_at = key_at;
	}
}

/** How the keys of a table are hashed and compared. */
export class rhashtable_params {
	/** Hash of the key words from `at` on, 32 bits, signed. */
	readonly hashfn: (key: Int32Array, at: number, seed: number) => number;
	/** Tells whether the key words from `at` on are those that `key` begins with. */
	readonly same_key: (key: Int32Array, obj_key: Int32Array, at: number) => boolean;

	constructor(
		hashfn: (key: Int32Array, at: number, seed: number) => number,
		same_key: (key: Int32Array, obj_key: Int32Array, at: number) => boolean,
	) {
		this.hashfn = hashfn;
		this.same_key = same_key;
	}
}

/**
 * Parameters of a table that hashes and compares all words of a key.
 * @param words how many
 * @kernel include/linux/rhashtable.h:140 (v5.10), key_len without functions
 */
export function rhashtable_words(words: number): rhashtable_params {
	return new rhashtable_params(
		(key, at, seed) => jhash2(key, words, seed, at) | 0,
		(key, obj_key, at) => {
			for (let i = 0; i < words; i++) if (key[i] !== obj_key[at + i]) return false;
			return true;
		},
	);
}

/** A table. */
export class rhashtable<T extends rhash_head> {
	tbl: (rhash_head | null)[] = new Array<rhash_head | null>(HASH_DEFAULT_SIZE).fill(null);
	/** Table that is being emptied into tbl, or null. */
	old_tbl: (rhash_head | null)[] | null = null;
	/** First chain of old_tbl not moved yet. */
	rehash_pos = 0;
	nelems = 0;
	readonly p: rhashtable_params;
	/** 32 bits, signed. */
	readonly hash_rnd: number;
	/** Entries are of this class; only for the type. */
	declare readonly entry: T;

	constructor(p: rhashtable_params, hash_rnd: number) {
		this.p = p;
		this.hash_rnd = hash_rnd | 0;
	}
}

/**
 * Moves some chains of a resize.
 * @kernel PORT: lib/rhashtable.c:219 rhashtable_rehash_one, run by inserts and removals
 */
function rhashtable_rehash_some<T extends rhash_head>(ht: rhashtable<T>, chains: number): void {
	const { old_tbl, tbl } = ht;
	if (old_tbl === null) return;
	const mask = tbl.length - 1;
	while (chains-- > 0 && ht.rehash_pos < old_tbl.length) {
		let he = old_tbl[ht.rehash_pos];
		old_tbl[ht.rehash_pos++] = null;
		while (he !== null) {
			const next = he.rhash_next;
			const b = he.hash & mask;
			he.rhash_next = tbl[b];
			tbl[b] = he;
			he = next;
		}
	}
	if (ht.rehash_pos >= old_tbl.length) ht.old_tbl = null;
}

/**
 * Starts a resize.
 * @kernel PORT: lib/rhashtable.c:321 rhashtable_rehash_alloc
 */
function rhashtable_resize<T extends rhash_head>(ht: rhashtable<T>, size: number): void {
	ht.old_tbl = ht.tbl;
	ht.rehash_pos = 0;
	ht.tbl = new Array<rhash_head | null>(size).fill(null);
}

/**
 * Finds an entry by its key.
 * @param params those of the table
 * @returns the entry or null
 * @kernel include/linux/rhashtable.h:634 (v5.10)
 */
export function rhashtable_lookup<T extends rhash_head>(
	ht: rhashtable<T>,
	key: Int32Array,
	params: rhashtable_params,
): T | null {
	const hash = params.hashfn(key, 0, ht.hash_rnd);
	const { tbl, old_tbl } = ht;
	let he = tbl[hash & (tbl.length - 1)];
	let second = old_tbl;
	for (;;) {
		while (he !== null) {
			if (he.hash === hash && params.same_key(key, he.key, he.key_at)) return he as T;
			he = he.rhash_next;
		}
		if (second === null) return null;
		he = second[hash & (second.length - 1)];
		second = null;
	}
}

/**
 * Adds an entry; another one with the same key may be there.
 * @returns 0
 * @kernel include/linux/rhashtable.h:819 (v5.10)
 */
export function rhashtable_insert_fast<T extends rhash_head>(ht: rhashtable<T>, obj: T): number {
	rhashtable_rehash_some(ht, REHASH_STEP);
	obj.hash = ht.p.hashfn(obj.key, obj.key_at, ht.hash_rnd);
	const b = obj.hash & (ht.tbl.length - 1);
	obj.rhash_next = ht.tbl[b];
	ht.tbl[b] = obj;
	ht.nelems++;
	if (ht.nelems > (ht.tbl.length / 4) * 3 && ht.old_tbl === null)
		rhashtable_resize(ht, ht.tbl.length * 2);
	return 0;
}

/**
 * Removes an entry.
 * @returns 0, or -2 (ENOENT) when it is not there
 * @kernel include/linux/rhashtable.h:1108 (v5.10)
 */
export function rhashtable_remove_fast<T extends rhash_head>(ht: rhashtable<T>, obj: T): number {
	if (!unlink(ht.tbl, obj) && (ht.old_tbl === null || !unlink(ht.old_tbl, obj))) return -2;
	ht.nelems--;
	rhashtable_rehash_some(ht, REHASH_STEP);
	if (
		ht.old_tbl === null &&
		ht.tbl.length > HASH_MIN_SIZE &&
		ht.nelems < (ht.tbl.length * 3) / 10
	)
		rhashtable_resize(ht, ht.tbl.length / 2);
	return 0;
}

/**
 * Takes an entry out of its chain; its own link stays for walks.
 * @kernel PORT: part of __rhashtable_remove_fast_one
 */
function unlink(tbl: (rhash_head | null)[], obj: rhash_head): boolean {
	const b = obj.hash & (tbl.length - 1);
	let prev: rhash_head | null = null;
	for (let he = tbl[b]; he !== null; prev = he, he = he.rhash_next) {
		if (he !== obj) continue;
		if (prev === null) tbl[b] = he.rhash_next;
		else prev.rhash_next = he.rhash_next;
		return true;
	}
	return false;
}

/** A walk that may pause: struct rhashtable_iter. */
export class rhashtable_iter<T extends rhash_head> {
	readonly ht: rhashtable<T>;
	/** Table that is being walked. */
	tbl: (rhash_head | null)[];
	/** Its next chain. */
	slot = 0;

	constructor(ht: rhashtable<T>) {
		this.ht = ht;
		this.tbl = ht.old_tbl ?? ht.tbl;
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
 * Goes on with a walk, whole chains at a time. What a resize moves meanwhile may be visited twice, as in C; it is
 * never missed.
 * @param budget entries after which to pause
 * @returns true at the end of the table
 * @kernel PORT: lib/rhashtable.c:913 rhashtable_walk_next, of several entries
 */
export function rhashtable_walk_some<T extends rhash_head>(
	iter: rhashtable_iter<T>,
	budget: number,
	fn: (obj: T) => void,
): boolean {
	const { ht } = iter;
	for (;;) {
		const { tbl } = iter;
		while (iter.slot < tbl.length) {
			let he = tbl[iter.slot++];
			while (he !== null) {
				const next = he.rhash_next;
				fn(he as T);
				he = next;
				budget--;
			}
			if (budget <= 0) return false;
		}
		if (tbl === ht.tbl) return true;
		/* In C the caller learns of the new table by -EAGAIN and goes on. */
		iter.tbl = tbl === ht.old_tbl ? ht.tbl : (ht.old_tbl ?? ht.tbl);
		iter.slot = 0;
	}
}

/**
 * Visits every entry; those that the visitor removes are no trouble. Ends a resize first, so that no entry
 * moves under the walk.
 * @kernel PORT: lib/rhashtable.c:913 rhashtable_walk_next
 */
export function rhashtable_walk<T extends rhash_head>(ht: rhashtable<T>, fn: (obj: T) => void): void {
	rhashtable_rehash_some(ht, Number.MAX_SAFE_INTEGER);
	/* Removals may start a resize: keep to the entries there are now. */
	const { tbl } = ht;
	for (let b = 0; b < tbl.length; b++) {
		let he = tbl[b];
		while (he !== null) {
			const next = he.rhash_next;
			fn(he as T);
			he = next;
		}
		if (ht.tbl !== tbl) {
			walk_rest(ht, tbl, b + 1, fn);
			return;
		}
	}
}

/**
 * Visits the entries of chains not yet visited while a resize has begun under the walk.
 * @kernel PORT: rhashtable_walk_next answers -EAGAIN and starts over
 */
function walk_rest<T extends rhash_head>(
	ht: rhashtable<T>,
	tbl: (rhash_head | null)[],
	from: number,
	fn: (obj: T) => void,
): void {
	const rest: rhash_head[] = [];
	const mask = tbl.length - 1;
	const collect = (t: (rhash_head | null)[]): void => {
		for (let he of t)
			for (; he !== null; he = he.rhash_next) if ((he.hash & mask) >= from) rest.push(he);
	};
	if (ht.old_tbl !== null) collect(ht.old_tbl);
	collect(ht.tbl);
	for (const he of rest) fn(he as T);
}
