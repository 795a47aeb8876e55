// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_set_bitmap.c, base v5.10.
 *
 * Set backend for keys of one or two bytes: two bits for each possible key, one a generation.
 * PORT: as in C a lookup finds no element, only that there is one; it answers with a stand-in that has no
 * extensions.
 * Not ported: nft_bitmap_privsize, the private part is an object.
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
} from '../../include/net/netfilter/nf_tables.ts';
import {
	NFT_SET_CLASS_O_1,
	nft_data,
	nft_data_cmp,
	nft_genmask_cur,
	nft_genmask_next,
	nft_set_elem,
	nft_set_elem_active,
	nft_set_elem_change_active,
	nft_set_ext,
	nft_set_ext_tmpl,
	nft_set_priv,
} from '../../include/net/netfilter/nf_tables.ts';
import { EEXIST, ENOENT } from '../../include/uapi/linux/errno.ts';
import { nft_set_elem_destroy } from './nf_tables_api.ts';

/** Private part of a set. */
class nft_bitmap {
	readonly list: nft_set_ext[] = [];
	readonly bitmap: Uint8Array;
	readonly found = new nft_set_ext(new nft_set_ext_tmpl(), new nft_data(4));

	constructor(klen: number) {
		this.bitmap = new Uint8Array(nft_bitmap_size(klen));
	}
}

/**
 * Position of a key's two bits.
 * @param word key in the low bytes
 * @returns bit number; byte is the quotient, offset the rest of division by 8
 * @kernel net/netfilter/nft_set_bitmap.c:51 (v5.10)
 */
function nft_bitmap_location(set: nft_set, word: number): number {
	const k = set.klen === 2 ? word & 0xffff : word & 0xff;
	return k << 1;
}

/**
 * Tells whether the bits at a position are set for a generation.
 * @param genmask bit of the generation
 * @kernel net/netfilter/nft_set_bitmap.c:71 (v5.10)
 */
function nft_bitmap_active(bitmap: Uint8Array, pos: number, genmask: number): boolean {
	return (bitmap[pos >> 3] & (genmask << (pos & 7))) !== 0;
}

/**
 * Looks a packet's key up.
 * @kernel net/netfilter/nft_set_bitmap.c:76 (v5.10)
 */
function nft_bitmap_lookup(
	net: net,
	set: nft_set,
	regs: nft_regs,
	sreg: number,
): nft_set_ext | null {
	const priv = nft_set_priv<nft_bitmap>(set);
	const pos = nft_bitmap_location(set, regs.data[sreg]);

	return nft_bitmap_active(priv.bitmap, pos, nft_genmask_cur(net)) ? priv.found : null;
}

/**
 * Finds an element.
 * @param genmask bit of the generation
 * @returns null when there is none
 * @kernel net/netfilter/nft_set_bitmap.c:89 (v5.10)
 */
function nft_bitmap_elem_find(set: nft_set, key: nft_data, genmask: number): nft_set_ext | null {
	for (const be of nft_set_priv<nft_bitmap>(set).list) {
		if (nft_data_cmp(be.key, key, set.klen) !== 0 || !nft_set_elem_active(be, genmask))
			continue;

		return be;
	}
	return null;
}

/**
 * Looks a key up for a request.
 * @returns the element or -ENOENT
 * @kernel net/netfilter/nft_set_bitmap.c:106 (v5.10)
 */
function nft_bitmap_get(net: net, set: nft_set, elem: nft_set_elem): nft_set_ext | number {
	return nft_bitmap_elem_find(set, elem.key, nft_genmask_cur(net)) ?? -ENOENT;
}

/**
 * Adds an element for the next generation.
 * @returns 0, -EEXIST
 * @kernel net/netfilter/nft_set_bitmap.c:123 (v5.10)
 */
function nft_bitmap_insert(
	net: net,
	set: nft_set,
	elem: nft_set_elem,
	ref: nft_set_ext_ref,
): number {
	const priv = nft_set_priv<nft_bitmap>(set);
	const genmask = nft_genmask_next(net);

	const be = nft_bitmap_elem_find(set, elem.key, genmask);
	if (be !== null) {
		ref.ext = be;
		return -EEXIST;
	}

	const pos = nft_bitmap_location(set, elem.key.data[0]);
	priv.bitmap[pos >> 3] |= genmask << (pos & 7);
	priv.list.push(elem.priv!);
	return 0;
}

/**
 * Takes an element out.
 * @kernel net/netfilter/nft_set_bitmap.c:146 (v5.10)
 */
function nft_bitmap_remove(net: net, set: nft_set, elem: nft_set_elem): void {
	const priv = nft_set_priv<nft_bitmap>(set);
	const be = elem.priv!;
	const pos = nft_bitmap_location(set, be.key.data[0]);

	priv.bitmap[pos >> 3] &= ~(nft_genmask_next(net) << (pos & 7));
	const i = priv.list.indexOf(be);
	if (i >= 0) priv.list.splice(i, 1);
}

/**
 * Makes an element active after a commit.
 * @kernel net/netfilter/nft_set_bitmap.c:161 (v5.10)
 */
function nft_bitmap_activate(net: net, set: nft_set, elem: nft_set_elem): void {
	const priv = nft_set_priv<nft_bitmap>(set);
	const be = elem.priv!;
	const pos = nft_bitmap_location(set, be.key.data[0]);

	priv.bitmap[pos >> 3] |= nft_genmask_next(net) << (pos & 7);
	nft_set_elem_change_active(net, be);
}

/**
 * Makes an element inactive in the next generation.
 * @kernel net/netfilter/nft_set_bitmap.c:176 (v5.10)
 */
function nft_bitmap_flush(net: net, set: nft_set, be: nft_set_ext): boolean {
	const priv = nft_set_priv<nft_bitmap>(set);
	const pos = nft_bitmap_location(set, be.key.data[0]);

	priv.bitmap[pos >> 3] &= ~(nft_genmask_next(net) << (pos & 7));
	nft_set_elem_change_active(net, be);
	return true;
}

/**
 * Finds an element and makes it inactive in the next generation.
 * @returns null when there is none
 * @kernel net/netfilter/nft_set_bitmap.c:192 (v5.10)
 */
function nft_bitmap_deactivate(net: net, set: nft_set, elem: nft_set_elem): nft_set_ext | null {
	const be = nft_bitmap_elem_find(set, elem.key, nft_genmask_next(net));
	if (be === null) return null;

	nft_bitmap_flush(net, set, be);
	return be;
}

/**
 * Calls a function for each element, in order of insertion.
 * @kernel net/netfilter/nft_set_bitmap.c:214 (v5.10)
 */
function nft_bitmap_walk(ctx: nft_ctx, set: nft_set, iter: nft_set_iter): void {
	for (const be of nft_set_priv<nft_bitmap>(set).list) {
		if (iter.count >= iter.skip && nft_set_elem_active(be, iter.genmask)) {
			const elem = new nft_set_elem(be.key);
			elem.priv = be;

			iter.err = iter.fn(ctx, set, iter, elem);
			if (iter.err < 0) return;
		}
		iter.count++;
	}
}

/**
 * Bytes of the bitmap: two bits for each key.
 * @param klen bytes, 1 or 2
 * @kernel net/netfilter/nft_set_bitmap.c:243 (v5.10)
 */
function nft_bitmap_size(klen: number): number {
	return ((2 << (klen * 8 - 1)) / 8) << 1;
}

/* sizeof(struct nft_bitmap) */
const NFT_BITMAP_SIZE = 24;

/**
 * Bytes of the private part in C.
 * @kernel net/netfilter/nft_set_bitmap.c:248 (v5.10)
 */
function nft_bitmap_total_size(klen: number): number {
	return NFT_BITMAP_SIZE + nft_bitmap_size(klen);
}

/**
 * Sets a set up.
 * @returns 0
 * @kernel net/netfilter/nft_set_bitmap.c:261 (v5.10)
 */
function nft_bitmap_init(): number {
	return 0;
}

/**
 * Destroys a set's elements.
 * @kernel net/netfilter/nft_set_bitmap.c:273 (v5.10)
 */
function nft_bitmap_destroy(set: nft_set): void {
	for (const be of nft_set_priv<nft_bitmap>(set).list) nft_set_elem_destroy(set, be, true);
}

/**
 * Says what a set costs; the key must be short, and no expression go with elements.
 * @kernel net/netfilter/nft_set_bitmap.c:282 (v5.10)
 */
function nft_bitmap_estimate(
	desc: nft_set_desc,
	_features: number,
	est: nft_set_estimate,
): boolean {
	if (desc.klen > 2) return false;
	else if (desc.expr) return false;

	est.size = nft_bitmap_total_size(desc.klen);
	est.lookup = NFT_SET_CLASS_O_1;
	est.space = NFT_SET_CLASS_O_1;
	return true;
}

export const nft_set_bitmap_type: nft_set_type = {
	features: 0,
	ops: {
		priv: (set) => new nft_bitmap(set.klen),
		estimate: nft_bitmap_estimate,
		init: nft_bitmap_init,
		gc_init: null,
		destroy: nft_bitmap_destroy,
		insert: nft_bitmap_insert,
		remove: nft_bitmap_remove,
		deactivate: nft_bitmap_deactivate,
		flush: nft_bitmap_flush,
		activate: nft_bitmap_activate,
		lookup: nft_bitmap_lookup,
		update: null,
		delete: null,
		walk: nft_bitmap_walk,
		get: nft_bitmap_get,
	},
};
