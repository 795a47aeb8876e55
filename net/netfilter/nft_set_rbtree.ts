// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_set_rbtree.c, base v5.10.
 *
 * Set backend for intervals: an element where an interval begins, another one past its end.
 *
 * PORT: a sorted array with binary search instead of a tree; of equal keys the end stands before the
 * beginning. Insertion decides about overlaps by the two neighbours, where C collects hints on its way
 * down the tree; for what a program can send both agree.
 * PORT: nft_rbtree_equal(), __nft_rbtree_lookup() and __nft_rbtree_get() are the binary search.
 * Not ported: nft_rbtree_privsize, the private part is an object.
 */
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
	nft_set_type,
	nft_ctx,
	nft_data,
	nft_regs,
	nft_set,
	nft_set_desc,
	nft_set_estimate,
	nft_set_ext,
} from '../../include/net/netfilter/nf_tables.ts';
import {
	NFT_SET_CLASS_O_LOG_N,
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
import { EEXIST, ENOENT, ENOTEMPTY } from '../../include/uapi/linux/errno.ts';
import {
	NFT_SET_ELEM_INTERVAL_END,
	NFT_SET_INTERVAL,
	NFT_SET_MAP,
	NFT_SET_OBJECT,
	NFT_SET_TIMEOUT,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { nft_set_elem_destroy, nft_set_gc_batch_release } from './nf_tables_api.ts';

/** Private part of a set. */
class nft_rbtree {
	/** Ascending by key. */
	readonly root: nft_set_ext[] = [];
	readonly gc_work: delayed_work;

	constructor(set: nft_set) {
		this.gc_work = new delayed_work(set.net.machine, () => nft_rbtree_gc(set));
	}
}

/**
 * Tells whether an element closes an interval.
 * @kernel net/netfilter/nft_set_rbtree.c:30 (v5.10)
 */
function nft_rbtree_interval_end(rbe: nft_set_ext): boolean {
	return (rbe.flags & NFT_SET_ELEM_INTERVAL_END) !== 0;
}

/**
 * Tells whether an element begins an interval.
 * @kernel net/netfilter/nft_set_rbtree.c:36 (v5.10)
 */
function nft_rbtree_interval_start(rbe: nft_set_ext): boolean {
	return !nft_rbtree_interval_end(rbe);
}

/**
 * Looks a packet's key up: the greatest element not above it must begin an interval.
 * @kernel net/netfilter/nft_set_rbtree.c:110 (v5.10)
 */
function nft_rbtree_lookup(
	net: net,
	set: nft_set,
	regs: nft_regs,
	sreg: number,
): nft_set_ext | null {
	const root = nft_set_priv<nft_rbtree>(set).root;
	const genmask = nft_genmask_cur(net);
	let lo = 0;
	let hi = root.length;

	while (lo < hi) {
		const mid = (lo + hi) >>> 1;
		if (nft_reg_cmp(regs, sreg, root[mid].key, set.klen) >= 0) lo = mid + 1;
		else hi = mid;
	}

	let i = lo - 1;
	while (i >= 0 && !nft_set_elem_active(root[i], genmask)) i--;
	if (i < 0) return null;

	const rbe = root[i];
	if (nft_set_elem_expired(set.net.machine, rbe) || nft_rbtree_interval_end(rbe)) return null;
	if (
		(set.flags & NFT_SET_INTERVAL) === 0 &&
		nft_reg_cmp(regs, sreg, rbe.key, set.klen) !== 0
	)
		return null;
	return rbe;
}

/**
 * Index of the first element whose key is not below a key, or is above it.
 * @param above skip equal keys
 * @kernel PORT: descent in the tree
 */
function nft_rbtree_bound(set: nft_set, key: nft_data, above: boolean): number {
	const root = nft_set_priv<nft_rbtree>(set).root;
	let lo = 0;
	let hi = root.length;

	while (lo < hi) {
		const mid = (lo + hi) >>> 1;
		const d = nft_data_cmp(root[mid].key, key, set.klen);
		if (d < 0 || (above && d === 0)) lo = mid + 1;
		else hi = mid;
	}
	return lo;
}

/**
 * Looks a key up for a request.
 * @param flags NFT_SET_ELEM_INTERVAL_END: the element that closes the interval
 * @returns the element or -ENOENT
 * @kernel net/netfilter/nft_set_rbtree.c:193 (v5.10)
 */
function nft_rbtree_get(
	net: net,
	set: nft_set,
	elem: nft_set_elem,
	flags: number,
): nft_set_ext | number {
	const root = nft_set_priv<nft_rbtree>(set).root;
	const m = set.net.machine;
	const genmask = nft_genmask_cur(net);
	const end = (flags & NFT_SET_ELEM_INTERVAL_END) !== 0;
	const first = nft_rbtree_bound(set, elem.key, false);
	const next = nft_rbtree_bound(set, elem.key, true);
	let start: nft_set_ext | null = null;

	for (let i = first; i < next; i++) {
		const rbe = root[i];
		if (!nft_set_elem_active(rbe, genmask)) continue;
		if (nft_set_elem_expired(m, rbe)) return -ENOENT;
		if (nft_rbtree_interval_end(rbe) === end) return rbe;
		/* As in C, what begins at the key also answers a question for an end. */
		if (nft_rbtree_interval_start(rbe)) start = rbe;
		else return -ENOENT;
	}
	if (start !== null) return start;

	if ((set.flags & NFT_SET_INTERVAL) === 0) return -ENOENT;
	const step = end ? 1 : -1;
	let i = end ? next : first - 1;
	while (i >= 0 && i < root.length && !nft_set_elem_active(root[i], genmask)) i += step;
	if (i < 0 || i >= root.length) return -ENOENT;

	const interval = root[i];
	if (nft_set_elem_expired(m, interval) || nft_rbtree_interval_end(interval) !== end)
		return -ENOENT;
	return interval;
}

/**
 * Adds an element where it belongs.
 * @returns 0, -EEXIST for the same element, -ENOTEMPTY when it would lie in, or cut, an interval
 * @kernel net/netfilter/nft_set_rbtree.c:217 (v5.10)
 */
function __nft_rbtree_insert(
	net: net,
	set: nft_set,
	self: nft_set_ext,
	ref: nft_set_ext_ref,
): number {
	const root = nft_set_priv<nft_rbtree>(set).root;
	const m = set.net.machine;
	const genmask = nft_genmask_next(net);
	const first = nft_rbtree_bound(set, self.key, false);
	const next = nft_rbtree_bound(set, self.key, true);
	const self_end = nft_rbtree_interval_end(self);
	let at = self_end ? first : next;
	/* neighbours that will be there after the commit */
	let prev: nft_set_ext | null = null;
	let succ: nft_set_ext | null = null;

	for (let i = first; i < next; i++) {
		const rbe = root[i];
		const rbe_end = nft_rbtree_interval_end(rbe);
		if (self_end && rbe_end) at = i + 1;
		if (!nft_set_elem_active(rbe, genmask) || nft_set_elem_expired(m, rbe)) continue;
		if (rbe_end === self_end) {
			ref.ext = rbe;
			return -EEXIST;
		}
		if (rbe_end) prev = rbe;
		else succ = rbe;
	}
	for (let i = first - 1; i >= 0 && prev === null; i--) {
		if (nft_set_elem_active(root[i], genmask) && !nft_set_elem_expired(m, root[i]))
			prev = root[i];
	}
	for (let i = next; i < root.length && succ === null; i++) {
		if (nft_set_elem_active(root[i], genmask) && !nft_set_elem_expired(m, root[i]))
			succ = root[i];
	}

	const prev_end = prev !== null && nft_rbtree_interval_end(prev);
	const succ_end = succ !== null && nft_rbtree_interval_end(succ);
	if (self_end) {
		/* an end belongs behind a beginning, and not before another end */
		if (prev_end || succ_end) return -ENOTEMPTY;
	} else {
		/* with an end behind it, a beginning lies in an interval */
		if (succ_end && !prev_end) return -ENOTEMPTY;
	}

	root.splice(at, 0, self);
	return 0;
}

/**
 * Adds an element.
 * @returns 0, -EEXIST, -ENOTEMPTY
 * @kernel net/netfilter/nft_set_rbtree.c:366 (v5.10)
 */
function nft_rbtree_insert(
	net: net,
	set: nft_set,
	elem: nft_set_elem,
	ref: nft_set_ext_ref,
): number {
	return __nft_rbtree_insert(net, set, elem.priv!, ref);
}

/**
 * Takes an element out.
 * @kernel net/netfilter/nft_set_rbtree.c:383 (v5.10)
 */
function nft_rbtree_remove(_net: net, set: nft_set, elem: nft_set_elem): void {
	const root = nft_set_priv<nft_rbtree>(set).root;
	const rbe = elem.priv!;

	for (let i = nft_rbtree_bound(set, rbe.key, false); i < root.length; i++) {
		if (root[i] !== rbe) continue;
		root.splice(i, 1);
		return;
	}
}

/**
 * Makes an element active after a commit.
 * @kernel net/netfilter/nft_set_rbtree.c:397 (v5.10)
 */
function nft_rbtree_activate(net: net, _set: nft_set, elem: nft_set_elem): void {
	const rbe = elem.priv!;

	nft_set_elem_change_active(net, rbe);
	nft_set_elem_clear_busy(rbe);
}

/**
 * Makes an element inactive in the next generation.
 * @returns false when the collector has it
 * @kernel net/netfilter/nft_set_rbtree.c:407 (v5.10)
 */
function nft_rbtree_flush(net: net, _set: nft_set, rbe: nft_set_ext): boolean {
	if (!nft_set_elem_mark_busy(rbe) || !nft_is_active(net, rbe)) {
		nft_set_elem_change_active(net, rbe);
		return true;
	}
	return false;
}

/**
 * Finds an element of the same kind and makes it inactive in the next generation.
 * @returns null when there is none
 * @kernel net/netfilter/nft_set_rbtree.c:420 (v5.10)
 */
function nft_rbtree_deactivate(net: net, set: nft_set, elem: nft_set_elem): nft_set_ext | null {
	const root = nft_set_priv<nft_rbtree>(set).root;
	const genmask = nft_genmask_next(net);
	const next = nft_rbtree_bound(set, elem.key, true);

	for (let i = nft_rbtree_bound(set, elem.key, false); i < next; i++) {
		const rbe = root[i];
		if (nft_rbtree_interval_end(rbe) !== nft_rbtree_interval_end(elem.priv!)) continue;
		if (!nft_set_elem_active(rbe, genmask)) continue;
		nft_rbtree_flush(net, set, rbe);
		return rbe;
	}
	return null;
}

/**
 * Calls a function for each live element, greatest key first.
 * @kernel net/netfilter/nft_set_rbtree.c:459 (v5.10)
 */
function nft_rbtree_walk(ctx: nft_ctx, set: nft_set, iter: nft_set_iter): void {
	const root = nft_set_priv<nft_rbtree>(set).root;
	const m = set.net.machine;

	for (let i = root.length - 1; i >= 0; i--) {
		const rbe = root[i];

		if (
			iter.count >= iter.skip &&
			!nft_set_elem_expired(m, rbe) &&
			nft_set_elem_active(rbe, iter.genmask)
		) {
			const elem = new nft_set_elem(rbe.key);
			elem.priv = rbe;

			iter.err = iter.fn(ctx, set, iter, elem);
			if (iter.err < 0) return;
		}
		iter.count++;
	}
}

/**
 * Takes dead intervals out with their ends, and arms itself again.
 * PORT: in one run; C passes over the neighbour of each and comes back for it.
 * @kernel net/netfilter/nft_set_rbtree.c:492 (v5.10)
 */
function nft_rbtree_gc(set: nft_set): void {
	const priv = nft_set_priv<nft_rbtree>(set);
	const m = set.net.machine;
	const gcb: nft_set_ext[] = [];
	let rbe_end: nft_set_ext | null = null;

	for (let i = priv.root.length - 1; i >= 0; i--) {
		const rbe = priv.root[i];

		if (nft_rbtree_interval_end(rbe)) {
			rbe_end = rbe;
			continue;
		}
		if (!nft_set_elem_expired(m, rbe)) continue;
		if (nft_set_elem_mark_busy(rbe)) continue;

		set.nelems--;
		gcb.push(rbe);

		if (rbe_end !== null) {
			set.nelems--;
			gcb.push(rbe_end);
			rbe_end = null;
		}
	}
	for (const rbe of gcb) priv.root.splice(priv.root.indexOf(rbe), 1);

	if (gcb.length > 0) call_rcu(m, () => nft_set_gc_batch_release(set, gcb));
	queue_delayed_work(priv.gc_work, nft_set_gc_interval(set));
}

/**
 * Sets a set up.
 * @returns 0
 * @kernel net/netfilter/nft_set_rbtree.c:556 (v5.10)
 */
function nft_rbtree_init(set: nft_set): number {
	if ((set.flags & NFT_SET_TIMEOUT) !== 0)
		queue_delayed_work(nft_set_priv<nft_rbtree>(set).gc_work, nft_set_gc_interval(set));
	return 0;
}

/**
 * Destroys a set's elements.
 * @kernel net/netfilter/nft_set_rbtree.c:574 (v5.10)
 */
function nft_rbtree_destroy(set: nft_set): void {
	const priv = nft_set_priv<nft_rbtree>(set);

	cancel_delayed_work_sync(priv.gc_work);
	for (const rbe of priv.root.splice(0)) nft_set_elem_destroy(set, rbe, true);
}

/* sizes in C, for the comparison of backends */
const NFT_RBTREE_SIZE = 112;
const NFT_RBTREE_ELEM_SIZE = 40;

/**
 * Says what a set costs; the key must be one field.
 * @kernel net/netfilter/nft_set_rbtree.c:589 (v5.10)
 */
function nft_rbtree_estimate(
	desc: nft_set_desc,
	_features: number,
	est: nft_set_estimate,
): boolean {
	if (desc.field_count > 1) return false;

	if (desc.size !== 0) est.size = NFT_RBTREE_SIZE + desc.size * NFT_RBTREE_ELEM_SIZE;
	else est.size = Infinity;

	est.lookup = NFT_SET_CLASS_O_LOG_N;
	est.space = NFT_SET_CLASS_O_N;
	return true;
}

export const nft_set_rbtree_type: nft_set_type = {
	features: NFT_SET_INTERVAL | NFT_SET_MAP | NFT_SET_OBJECT | NFT_SET_TIMEOUT,
	ops: {
		priv: (set) => new nft_rbtree(set),
		estimate: nft_rbtree_estimate,
		init: nft_rbtree_init,
		gc_init: null,
		destroy: nft_rbtree_destroy,
		insert: nft_rbtree_insert,
		remove: nft_rbtree_remove,
		deactivate: nft_rbtree_deactivate,
		flush: nft_rbtree_flush,
		activate: nft_rbtree_activate,
		lookup: nft_rbtree_lookup,
		update: null,
		delete: null,
		walk: nft_rbtree_walk,
		get: nft_rbtree_get,
	},
};
