// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_set_pipapo.c and nft_set_pipapo.h, base v5.10.
 *
 * Set backend for concatenations with ranges.
 *
 * PORT: elements are tried one after the other, in order of insertion, field by field; C intersects
 * bitmaps of rules, which gives the first match of the same order. There is no copy for pending changes:
 * generations tell what packets see, walks too.
 * Not ported: nft_set_pipapo_avx2.c, a faster way to the same answers.
 */
import type { net } from '../../include/net/net_namespace.ts';
import type {
	nft_set_ext_ref,
	nft_set_iter,
	nft_set_type,
	nft_ctx,
	nft_regs,
	nft_set,
	nft_set_desc,
	nft_set_estimate,
	nft_set_ext,
} from '../../include/net/netfilter/nf_tables.ts';
import {
	NFT_SET_CLASS_O_LOG_N,
	NFT_SET_CLASS_O_N,
	NFT_SET_EXT_KEY_END,
	nft_genmask_cur,
	nft_genmask_next,
	nft_set_elem,
	nft_set_elem_active,
	nft_set_elem_change_active,
	nft_set_elem_clear_busy,
	nft_set_elem_expired,
	nft_set_elem_mark_busy,
	nft_set_ext_exists,
	nft_set_gc_interval,
	nft_set_priv,
} from '../../include/net/netfilter/nf_tables.ts';
import { EEXIST, EINVAL, ENOENT, ENOTEMPTY } from '../../include/uapi/linux/errno.ts';
import {
	NFT_REG32_COUNT,
	NFT_REG32_SIZE,
	NFT_SET_INTERVAL,
	NFT_SET_MAP,
	NFT_SET_OBJECT,
	NFT_SET_TIMEOUT,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { nft_set_elem_destroy } from './nf_tables_api.ts';

const NFT_PIPAPO_MAX_FIELDS = NFT_REG32_COUNT;
const NFT_PIPAPO_MIN_FIELDS = 2;
const NFT_PIPAPO_MAX_BYTES = 16;

/** Private part of a set. */
class nft_pipapo {
	match: nft_set_ext[] = [];
	/** Bytes of each field, and where in the key it stands. */
	readonly field_len: number[] = [];
	readonly field_at: number[] = [];
	dirty = false;
	/** jiffies */
	last_gc = 0;
}

/**
 * Tells whether each field of a key lies between those of an element.
 * @param data bytes that hold the key
 * @param off of the key in them
 * @kernel PORT: pipapo_and_field_buckets_8bit for one element
 */
function pipapo_match(priv: nft_pipapo, e: nft_set_ext, data: Uint8Array, off: number): boolean {
	const from = e.key.data8;
	const to = e.key_end !== null ? e.key_end.data8 : from;

	for (let f = 0; f < priv.field_len.length; f++) {
		const at = priv.field_at[f];
		const len = priv.field_len[f];
		let d = 0;
		for (let i = 0; i < len && d === 0; i++) d = data[off + at + i] - from[at + i];
		if (d < 0) return false;
		d = 0;
		for (let i = 0; i < len && d === 0; i++) d = data[off + at + i] - to[at + i];
		if (d > 0) return false;
	}
	return true;
}

/**
 * Looks a packet's key up.
 * @kernel net/netfilter/nft_set_pipapo.c:411 (v5.10)
 */
function nft_pipapo_lookup(
	net: net,
	set: nft_set,
	regs: nft_regs,
	sreg: number,
): nft_set_ext | null {
	const priv = nft_set_priv<nft_pipapo>(set);
	const genmask = nft_genmask_cur(net);
	const match = priv.match;

	for (let r = 0; r < match.length; r++) {
		const e = match[r];
		if (!pipapo_match(priv, e, regs.data8, sreg * NFT_REG32_SIZE)) continue;
		if (nft_set_elem_expired(set.net.machine, e) || !nft_set_elem_active(e, genmask))
			continue;
		return e;
	}
	return null;
}

/**
 * Finds the element that a key lies in.
 * @param genmask bit of the generation, 0 for any
 * @returns null when there is none
 * @kernel net/netfilter/nft_set_pipapo.c:514 (v5.10)
 */
function pipapo_get(set: nft_set, data: Uint8Array, genmask: number): nft_set_ext | null {
	const priv = nft_set_priv<nft_pipapo>(set);

	for (const e of priv.match) {
		if (!pipapo_match(priv, e, data, 0)) continue;
		if (
			nft_set_elem_expired(set.net.machine, e) ||
			(genmask !== 0 && !nft_set_elem_active(e, genmask))
		)
			continue;
		return e;
	}
	return null;
}

/**
 * Looks a key up for a request.
 * @returns the element or -ENOENT
 * @kernel net/netfilter/nft_set_pipapo.c:601 (v5.10)
 */
function nft_pipapo_get(net: net, set: nft_set, elem: nft_set_elem): nft_set_ext | number {
	return pipapo_get(set, elem.key.data8, nft_genmask_cur(net)) ?? -ENOENT;
}

/**
 * Compares bytes.
 * @kernel PORT: memcmp
 */
function memcmp(a: Uint8Array, b: Uint8Array, len: number): number {
	for (let i = 0; i < len; i++) if (a[i] !== b[i]) return a[i] - b[i];
	return 0;
}

/**
 * Adds an element.
 * @returns 0, -EEXIST for the same one, -ENOTEMPTY when one end lies in another, -EINVAL when the
 * ends are in the wrong order
 * @kernel net/netfilter/nft_set_pipapo.c:1153 (v5.10)
 */
function nft_pipapo_insert(
	net: net,
	set: nft_set,
	elem: nft_set_elem,
	ref: nft_set_ext_ref,
): number {
	const priv = nft_set_priv<nft_pipapo>(set);
	const e = elem.priv!;
	const genmask = nft_genmask_next(net);
	const start = elem.key.data8;
	const end = nft_set_ext_exists(e, NFT_SET_EXT_KEY_END) ? e.key_end!.data8 : start;

	let dup = pipapo_get(set, start, genmask);
	if (dup !== null) {
		const dup_key = dup.key.data8;
		const dup_end = nft_set_ext_exists(dup, NFT_SET_EXT_KEY_END)
			? dup.key_end!.data8
			: dup_key;

		/* As C does: only the first four bytes decide what is the same. */
		if (memcmp(start, dup_key, 4) === 0 && memcmp(end, dup_end, 4) === 0) {
			ref.ext = dup;
			return -EEXIST;
		}
		return -ENOTEMPTY;
	}

	/* one that overlaps with the other end */
	dup = pipapo_get(set, end, genmask);
	if (dup !== null) {
		ref.ext = dup;
		return -ENOTEMPTY;
	}

	/* As C does: always from the first field on. */
	for (const len of priv.field_len) if (memcmp(start, end, len) > 0) return -EINVAL;

	priv.dirty = true;
	ref.ext = e;
	priv.match.push(e);
	return 0;
}

/**
 * Takes dead elements out.
 * @kernel net/netfilter/nft_set_pipapo.c:1528 (v5.10)
 */
function pipapo_gc(set: nft_set): void {
	const priv = nft_set_priv<nft_pipapo>(set);
	const m = set.net.machine;

	for (const e of priv.match.slice()) {
		if (nft_set_elem_expired(m, e) && !nft_set_elem_mark_busy(e)) {
			priv.dirty = true;
			priv.match.splice(priv.match.indexOf(e), 1);
			nft_set_elem_destroy(set, e, true);
		}
	}

	priv.last_gc = m.jiffies;
}

/**
 * After a change: takes dead elements out when it is time.
 * @kernel net/netfilter/nft_set_pipapo.c:1625 (v5.10)
 */
function pipapo_commit(set: nft_set): void {
	const priv = nft_set_priv<nft_pipapo>(set);

	if (set.net.machine.jiffies >= priv.last_gc + nft_set_gc_interval(set)) pipapo_gc(set);

	priv.dirty = false;
}

/**
 * Makes an element active after a commit.
 * @kernel net/netfilter/nft_set_pipapo.c:1662 (v5.10)
 */
function nft_pipapo_activate(net: net, set: nft_set, elem: nft_set_elem): void {
	const e = elem.priv!;

	nft_set_elem_change_active(net, e);
	nft_set_elem_clear_busy(e);

	pipapo_commit(set);
}

/**
 * Finds the element that a key lies in and makes it inactive in the next generation.
 * @returns null when there is none
 * @kernel net/netfilter/nft_set_pipapo.c:1691 (v5.10)
 */
function pipapo_deactivate(net: net, set: nft_set, data: Uint8Array): nft_set_ext | null {
	const e = pipapo_get(set, data, nft_genmask_next(net));
	if (e === null) return null;

	nft_set_elem_change_active(net, e);
	return e;
}

/**
 * Finds an element and makes it inactive in the next generation.
 * @returns null when there is none
 * @kernel net/netfilter/nft_set_pipapo.c:1713 (v5.10)
 */
function nft_pipapo_deactivate(net: net, set: nft_set, elem: nft_set_elem): nft_set_ext | null {
	return pipapo_deactivate(net, set, elem.key.data8);
}

/**
 * Makes an element inactive in the next generation.
 * @kernel net/netfilter/nft_set_pipapo.c:1740 (v5.10)
 */
function nft_pipapo_flush(net: net, set: nft_set, e: nft_set_ext): boolean {
	return pipapo_deactivate(net, set, e.key.data8) !== null;
}

/**
 * Takes an element out.
 * @kernel net/netfilter/nft_set_pipapo.c:1876 (v5.10)
 */
function nft_pipapo_remove(_net: net, set: nft_set, elem: nft_set_elem): void {
	const priv = nft_set_priv<nft_pipapo>(set);
	const i = priv.match.indexOf(elem.priv!);
	if (i < 0) return;

	priv.dirty = true;
	priv.match.splice(i, 1);
	pipapo_commit(set);
}

/**
 * Calls a function for each live element.
 * @kernel net/netfilter/nft_set_pipapo.c:1939 (v5.10)
 */
function nft_pipapo_walk(ctx: nft_ctx, set: nft_set, iter: nft_set_iter): void {
	const m = set.net.machine;

	for (const e of nft_set_priv<nft_pipapo>(set).match) {
		if (
			iter.count >= iter.skip &&
			!nft_set_elem_expired(m, e) &&
			nft_set_elem_active(e, iter.genmask)
		) {
			const elem = new nft_set_elem(e.key);
			elem.key_end = e.key_end;
			elem.priv = e;

			iter.err = iter.fn(ctx, set, iter, elem);
			if (iter.err < 0) return;
		}
		iter.count++;
	}
}

/* sizes in C, for the comparison of backends */
const NFT_PIPAPO_SIZE = 40;
const NFT_PIPAPO_MATCH_SIZE = 48;
const NFT_PIPAPO_FIELD_SIZE = 48;
const NFT_PIPAPO_MAP_BUCKET_SIZE = 8;

/**
 * Says what a set costs; it must be of intervals and have several fields.
 * @kernel net/netfilter/nft_set_pipapo.c:2005 (v5.10)
 */
function nft_pipapo_estimate(desc: nft_set_desc, features: number, est: nft_set_estimate): boolean {
	if ((features & NFT_SET_INTERVAL) === 0 || desc.field_count < NFT_PIPAPO_MIN_FIELDS)
		return false;

	est.size = pipapo_estimate_size(desc);
	if (est.size === 0) return false;

	est.lookup = NFT_SET_CLASS_O_LOG_N;
	est.space = NFT_SET_CLASS_O_N;
	return true;
}

/**
 * Sets a set up.
 * @returns 0, -EINVAL for too many fields
 * @kernel net/netfilter/nft_set_pipapo.c:2035 (v5.10)
 */
function nft_pipapo_init(set: nft_set, desc: nft_set_desc): number {
	const priv = nft_set_priv<nft_pipapo>(set);
	const field_count = desc.field_count !== 0 ? desc.field_count : 1;
	let at = 0;

	if (field_count > NFT_PIPAPO_MAX_FIELDS) return -EINVAL;

	for (let i = 0; i < field_count; i++) {
		const len = desc.field_len[i] !== 0 ? desc.field_len[i] : set.klen;
		priv.field_len.push(len);
		priv.field_at.push(at);
		at += (len + 3) & ~3;
	}
	return 0;
}

/**
 * Destroys a set's elements.
 * @kernel net/netfilter/nft_set_pipapo.c:2119 (v5.10)
 */
function nft_pipapo_destroy(set: nft_set): void {
	for (const e of nft_set_priv<nft_pipapo>(set).match.splice(0))
		nft_set_elem_destroy(set, e, true);
}

/**
 * Starts the collector's clock.
 * @kernel net/netfilter/nft_set_pipapo.c:2178 (v5.10)
 */
function nft_pipapo_gc_init(set: nft_set): void {
	nft_set_priv<nft_pipapo>(set).last_gc = set.net.machine.jiffies;
}

/**
 * Greatest size of a set in C.
 * @returns bytes, 0 when a field is too long
 * @kernel net/netfilter/nft_set_pipapo.h:236 (v5.10)
 */
function pipapo_estimate_size(desc: nft_set_desc): number {
	let entry_size = 0;

	for (let i = 0; i < desc.field_count; i++) {
		if (desc.field_len[i] > NFT_PIPAPO_MAX_BYTES) return 0;

		const rules = Math.floor(Math.log2(desc.field_len[i] * 8)) * 2;
		entry_size += rules * (256 / 8);
		entry_size += rules * NFT_PIPAPO_MAP_BUCKET_SIZE;
	}

	return (
		desc.size * entry_size +
		NFT_PIPAPO_SIZE +
		NFT_PIPAPO_MATCH_SIZE * 2 +
		NFT_PIPAPO_FIELD_SIZE * desc.field_count
	);
}

export const nft_set_pipapo_type: nft_set_type = {
	features: NFT_SET_INTERVAL | NFT_SET_MAP | NFT_SET_OBJECT | NFT_SET_TIMEOUT,
	ops: {
		priv: () => new nft_pipapo(),
		lookup: nft_pipapo_lookup,
		insert: nft_pipapo_insert,
		activate: nft_pipapo_activate,
		deactivate: nft_pipapo_deactivate,
		flush: nft_pipapo_flush,
		remove: nft_pipapo_remove,
		walk: nft_pipapo_walk,
		get: nft_pipapo_get,
		estimate: nft_pipapo_estimate,
		init: nft_pipapo_init,
		destroy: nft_pipapo_destroy,
		gc_init: nft_pipapo_gc_init,
		update: null,
		delete: null,
	},
};
