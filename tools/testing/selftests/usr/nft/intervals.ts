// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, intervals in sets.
 * Modelled on intervals.c, segtree.c and mergesort.c of nftables 1.0.6: elements become ranges that are
 * merged or checked for overlaps, ranges become pairs of ends for the kernel, and ends become ranges,
 * prefixes and wildcards again.
 */

import { NFT_SET_MAP } from '../../../../../include/uapi/linux/netfilter/nf_tables.ts';
import { TYPE_INTEGER, TYPE_STRING } from './datatype.ts';
import { fail, internal_location } from './erec.ts';
import {
	EXPR_BINOP,
	EXPR_CONCAT,
	EXPR_F_INTERVAL_END,
	EXPR_F_KERNEL,
	EXPR_F_REMOVE,
	EXPR_LIST,
	EXPR_MAPPING,
	EXPR_PREFIX,
	EXPR_RANGE,
	EXPR_SET_ELEM,
	EXPR_VALUE,
	NFTNL_SET_ELEM_F_INTERVAL_OPEN,
	compound_expr_add,
	compound_expr_alloc,
	constant_expr_alloc,
	type expr,
	expr_basetype,
	expr_clone,
	mapping_expr_alloc,
	prefix_expr_alloc,
	range_expr_alloc,
	range_expr_value_high,
	range_expr_value_low,
	set_elem_expr_alloc,
	set_expr_alloc,
} from './expr.ts';
import {
	BYTEORDER_BIG_ENDIAN,
	BYTEORDER_HOST_ENDIAN,
	BYTEORDER_INVALID,
	type byteorder,
	bytes_to_string,
	div_round_up,
	mpz_bitmask,
	mpz_export_data,
	mpz_from_string,
	mpz_import_data,
	mpz_scan0,
	mpz_switch_byteorder,
	mpz_to_string,
} from './mpz.ts';
import { type nft_cmd_draft, type nft_set, set_is_anonymous } from './rule.ts';

/** The element itself: left side of a mapping. */
export function interval_expr_key(i: expr): expr {
	return i.etype === EXPR_MAPPING ? i.left : i;
}

function sort_value(e: expr): bigint {
	switch (e.etype) {
		case EXPR_SET_ELEM:
			return sort_value(e.key);
		case EXPR_MAPPING:
		case EXPR_RANGE:
		case EXPR_PREFIX:
		case EXPR_BINOP:
			return sort_value(e.left);
		case EXPR_CONCAT: {
			const data: number[] = [];
			for (const i of e.expressions)
				data.push(
					...mpz_export_data(
						i.value,
						i.byteorder,
						div_round_up(i.len, 8),
					),
				);
			return mpz_import_data(Uint8Array.from(data), BYTEORDER_HOST_ENDIAN);
		}
		default:
			return e.value;
	}
}

/* the sorted list goes into the sorted head, behind what is equal */
function splice_sorted(list: expr[], head: expr[], values: Map<expr, bigint>): expr[] {
	const out: expr[] = [];
	const v = (e: expr): bigint => values.get(e) ?? 0n;
	let h = 0;
	for (const l of list) {
		while (h < head.length && v(l) >= v(head[h])) out.push(head[h++]);
		out.push(l);
	}
	return [...out, ...head.slice(h)];
}

function merge_sort(list: expr[], values: Map<expr, bigint>): expr[] {
	if (list.length < 2) return list;
	let s = 0;
	for (let e = list.length - 1; e !== s;) if (--e !== s) s++;
	const head = merge_sort(list.slice(s + 1), values);
	return splice_sorted(merge_sort(list.slice(0, s + 1), values), head, values);
}

/** Sorts elements by value. Equal ones change places as they do with the real tool. */
export function list_expr_sort(list: expr[]): void {
	const values = new Map(list.map((e): [expr, bigint] => [e, sort_value(e)]));
	list.splice(0, list.length, ...merge_sort(list, values));
}

function setelem_expr_to_range(elem: expr): void {
	const key = elem.key;
	const string = expr_basetype(elem).type === TYPE_STRING;
	if (key.etype === EXPR_PREFIX) {
		const base = key.left;
		if (string) base.value = mpz_switch_byteorder(base.value, elem.len / 8);
		const high = base.value | mpz_bitmask(key.len - key.prefix_len);
		const end = constant_expr_alloc(
			elem.location,
			base.dtype,
			base.byteorder,
			base.len,
			high,
		);
		elem.key = range_expr_alloc(elem.location, base, end);
	} else if (key.etype === EXPR_VALUE) {
		if (string) key.value = mpz_switch_byteorder(key.value, elem.len / 8);
		elem.key = range_expr_alloc(elem.location, expr_clone(key), key);
	}
}

/** Makes all elements ranges. */
export function set_to_range(init: expr): void {
	for (const i of init.expressions) setelem_expr_to_range(interval_expr_key(i));
}

/* elements of both, sorted; those of the kernel carry EXPR_F_KERNEL */
function set_sort_splice(init: expr, set: nft_set): void {
	set_to_range(init);
	list_expr_sort(init.expressions);
	const existing = set.existing_set;
	if (existing === null) return;
	if (existing.init === null) {
		existing.init = set_expr_alloc(internal_location, set);
		return;
	}
	set_to_range(existing.init);
	const both = [...init.expressions, ...existing.init.expressions];
	const values = new Map(both.map((e): [expr, bigint] => [e, sort_value(e)]));
	init.expressions = splice_sorted(existing.init.expressions, init.expressions, values);
	existing.init.expressions = [];
}

/* merges what overlaps or touches; kernel elements that change go to purge */
function setelem_automerge(set: nft_set, init: expr, purge: expr[]): void {
	const keep = new Set(init.expressions);
	let prev: expr | null = null;
	let plow = 0n;
	let phigh = 0n;

	const remove = (e: expr): void => {
		keep.delete(e);
		if (e.flags & EXPR_F_KERNEL) purge.push(e);
		else init.size--;
	};
	for (const i of init.expressions) {
		const low = range_expr_value_low(i);
		const high = range_expr_value_high(i);
		if (prev !== null && plow <= low && phigh >= high) {
			remove(i);
			continue;
		}
		const touches = low <= phigh || (set.automerge && low - phigh === 1n);
		if (prev !== null && touches) {
			phigh = high;
			if (prev.flags & EXPR_F_KERNEL) {
				remove(prev);
				i.key.left = prev.key.left;
				prev = i;
			} else {
				prev.key.right = i.key.right;
				remove(i);
			}
			continue;
		}
		prev = i;
		plow = low;
		phigh = high;
	}
	init.expressions = init.expressions.filter((e) => keep.has(e));
}

/* the kernel's elements go back to the cache, the new ones are remembered there */
function settle(set: nft_set, init: expr): void {
	const known = set.existing_set?.init ?? null;
	const mine: expr[] = [];
	for (const i of init.expressions) {
		if (i.flags & EXPR_F_KERNEL) {
			known?.expressions.push(i);
			continue;
		}
		mine.push(i);
		if (known !== null) {
			const clone = expr_clone(i);
			clone.flags |= EXPR_F_KERNEL;
			known.expressions.push(clone);
		}
	}
	init.expressions = mine;
}

/** Merges new elements with each other and with the kernel's. Answers what to delete first, or null. */
export function set_automerge(set: nft_set, init: expr): nft_cmd_draft | null {
	if (set.flags & NFT_SET_MAP) {
		set_to_range(init);
		list_expr_sort(init.expressions);
		return null;
	}
	set_sort_splice(init, set);
	const purge = set_expr_alloc(internal_location, set);
	setelem_automerge(set, init, purge.expressions);
	purge.size = purge.expressions.length;
	settle(set, init);
	if (purge.expressions.length === 0) return null;
	return { handle: set.handle.clone(), location: init.location, expr: purge, elem_set: set };
}

/** Refuses new elements that overlap with each other or with the kernel's. */
export function set_overlap(set: nft_set, init: expr): void {
	set_sort_splice(init, set);
	try {
		let prev: expr | null = null;
		let plow = 0n;
		let phigh = 0n;
		for (const elem of init.expressions) {
			const i = interval_expr_key(elem);
			const low = range_expr_value_low(i);
			const high = range_expr_value_high(i);
			const same = plow === low && phigh === high;
			if (
				prev !== null &&
				!same &&
				(low <= phigh || (plow <= low && phigh >= high))
			) {
				if (prev.flags & EXPR_F_KERNEL)
					fail('interval overlaps with an existing one', i.location);
				if (elem.flags & EXPR_F_KERNEL)
					fail(
						'interval overlaps with an existing one',
						prev.location,
					);
				fail('conflicting intervals specified', i.location, prev.location);
			}
			prev = elem;
			plow = low;
			phigh = high;
		}
	} finally {
		settle(set, init);
	}
}

/* takes one element out of the known ones; answers false if it is not there as it is */
function setelem_delete(known: expr[], i: expr, purge: expr[]): boolean {
	const low = range_expr_value_low(i);
	const high = range_expr_value_high(i);
	const n = known.findIndex(
		(k) => range_expr_value_low(k) === low && range_expr_value_high(k) === high,
	);
	if (n < 0) return false;
	const [k] = known.splice(n, 1);
	if (k.flags & EXPR_F_KERNEL) purge.push(k);
	return true;
}

/**
 * Works out a deletion. Parts of merged elements cannot be deleted: the real tool tries and fails.
 * Leaves in init what to delete; answers what to add behind it, or null.
 */
export function set_delete(set: nft_set, init: expr): nft_cmd_draft | null {
	const existing = set.existing_set ?? set;
	set_to_range(init);
	if (set.automerge) {
		list_expr_sort(init.expressions);
		setelem_automerge(set, init, []);
	}
	if (existing.init === null) existing.init = set_expr_alloc(internal_location, set);
	else set_to_range(existing.init);
	const known = existing.init.expressions;

	const purge: expr[] = [];
	for (const i of init.expressions) {
		i.flags |= EXPR_F_REMOVE;
		if (!setelem_delete(known, i, purge)) fail('element does not exist', i.location);
	}
	init.expressions = purge;

	const add = set_expr_alloc(internal_location, set);
	for (const k of known) {
		if (k.flags & EXPR_F_KERNEL) continue;
		compound_expr_add(add, expr_clone(k));
		k.flags |= EXPR_F_KERNEL;
	}
	if (add.expressions.length === 0) return null;
	list_expr_sort(add.expressions);
	return { handle: set.handle.clone(), location: init.location, expr: add, elem_set: set };
}

function needs_first_segment(set: nft_set, init: expr, add: boolean): boolean {
	if (!add || set.root) return false;
	return (
		set_is_anonymous(set.flags) ||
		set.init === null ||
		set.init.size === 0 ||
		set.init === init
	);
}

/** Turns ranges into the ends that the kernel wants. */
export function set_to_intervals(set: nft_set, init: expr, add: boolean): void {
	const out: expr[] = [];
	const bytes = set.key.len / 8;
	const swap = set.key.byteorder === BYTEORDER_HOST_ENDIAN;
	const end = (i: expr, loc: expr['location'], value: bigint): expr => {
		const v = constant_expr_alloc(
			loc,
			set.key.dtype,
			set.key.byteorder,
			set.key.len,
			value,
		);
		let e = set_elem_expr_alloc(internal_location, v);
		if (i.etype === EXPR_MAPPING) e = mapping_expr_alloc(internal_location, e, i.right);
		e.flags |= EXPR_F_INTERVAL_END;
		return e;
	};
	let closing: expr | null = null;
	let closing_value = 0n;

	for (const [n, i] of init.expressions.entries()) {
		const elem = interval_expr_key(i);
		const low = elem.key.left.value;
		const high = elem.key.right.value;
		const loc = elem.key.location;

		if (n === 0 && low !== 0n && needs_first_segment(set, init, add)) {
			out.unshift(end(i, internal_location, 0n));
			init.size++;
		}
		if (closing !== null && (!set_is_anonymous(set.flags) || closing_value !== low))
			out.push(closing);
		closing = null;
		if (mpz_scan0(high, 0) !== set.key.len) {
			closing_value = high + 1n;
			closing = end(
				i,
				loc,
				swap ? mpz_switch_byteorder(closing_value, bytes) : closing_value,
			);
		} else i.elem_flags |= NFTNL_SET_ELEM_F_INTERVAL_OPEN;

		elem.key = constant_expr_alloc(
			loc,
			set.key.dtype,
			set.key.byteorder,
			set.key.len,
			swap ? mpz_switch_byteorder(low, bytes) : low,
		);
		init.size++;
		out.push(i);
	}
	if (closing !== null) out.push(closing);
	init.expressions = out;
}

/* ---- from the kernel */

function expr_value(e: expr): expr {
	if (e.etype === EXPR_MAPPING) return e.left.key;
	return e.etype === EXPR_SET_ELEM ? e.key : e;
}

function to_set_elem(low: expr, key: expr): expr {
	const src = interval_expr_key(low);
	let elem = set_elem_expr_alloc(low.location, key);
	elem.comment = src.comment;
	elem.timeout = src.timeout;
	elem.expiration = src.expiration;
	elem.stmt_list = src.stmt_list;
	if (low.etype === EXPR_MAPPING)
		elem = mapping_expr_alloc(low.location, elem, expr_clone(low.right));
	elem.flags |= EXPR_F_KERNEL;
	return elem;
}

/* text of a wildcard: the characters that are fixed and an asterisk; null if there are none */
function wildcard(low: expr, value: bigint): expr | null {
	const len = div_round_up(expr_value(low).len, 8);
	const data = mpz_export_data(value, BYTEORDER_BIG_ENDIAN, len);
	const text = bytes_to_string(data);
	if (text.length >= len || text.length === 0) return null;
	return constant_expr_alloc(
		low.location,
		low.dtype,
		BYTEORDER_HOST_ENDIAN,
		(text.length + 1) * 8,
		mpz_from_string(`${text}*`),
	);
}

function add_interval(set: expr, low: expr, i: expr): void {
	const v = expr_value(low);
	let range = expr_value(i).value - v.value;
	if (i.etype !== EXPR_VALUE) range--;

	if (range === 0n) {
		if (expr_basetype(low).type === TYPE_STRING)
			v.value = mpz_switch_byteorder(v.value, v.len / 8);
		low.flags |= EXPR_F_KERNEL;
		compound_expr_add(set, low);
		return;
	}
	if ((range & (range + 1n)) === 0n && (v.value & range) === 0n) {
		const prefix_len = expr_value(i).len - mpz_scan0(range, 0);
		const prefix = (): expr => {
			const p = prefix_expr_alloc(low.location, expr_clone(v), prefix_len);
			p.len = expr_value(i).len;
			return to_set_elem(low, p);
		};
		if (i.dtype.prefix) {
			compound_expr_add(set, prefix());
			return;
		}
		if (expr_basetype(i).type === TYPE_STRING) {
			const text =
				prefix_len > i.len || prefix_len % 8
					? null
					: wildcard(low, v.value);
			compound_expr_add(set, text === null ? prefix() : to_set_elem(low, text));
			return;
		}
	}
	const high = constant_expr_alloc(
		low.location,
		low.dtype,
		low.byteorder,
		v.len,
		v.value + range,
	);
	compound_expr_add(
		set,
		to_set_elem(low, range_expr_alloc(low.location, expr_clone(v), high)),
	);
}

/** Turns the ends that the kernel has into ranges, prefixes and single values. */
export function interval_map_decompose(set: expr): void {
	if (set.expressions.length === 0) return;
	const elements = [...set.expressions];
	elements.sort((a, b) => {
		if (expr_value(a).etype === EXPR_CONCAT) return -1;
		const x = expr_value(a).value;
		const y = expr_value(b).value;
		if (x !== y) return x < y ? -1 : 1;
		if (a.flags & EXPR_F_INTERVAL_END) return -1;
		return b.flags & EXPR_F_INTERVAL_END ? 1 : 0;
	});
	set.expressions = [];
	set.size = 0;

	// points that follow each other without an end close each other
	const ranges: expr[] = [];
	let open = false;
	for (const i of elements) {
		if (i.flags & EXPR_F_INTERVAL_END) open = false;
		else if (open) {
			const end = expr_clone(i);
			end.flags |= EXPR_F_INTERVAL_END;
			ranges.push(end);
		} else open = true;
		ranges.push(i);
	}
	let low: expr | null = null;
	for (const i of ranges) {
		if (low === null) {
			if (!(i.flags & EXPR_F_INTERVAL_END)) low = i;
			continue;
		}
		add_interval(set, low, i);
		if (i.flags & EXPR_F_INTERVAL_END) low = null;
	}
	if (low === null) return;
	const v = expr_value(low);
	const max = constant_expr_alloc(
		low.location,
		low.dtype,
		low.byteorder,
		v.len,
		mpz_bitmask(v.len),
	);
	if (max.value === v.value) compound_expr_add(set, low);
	else add_interval(set, low, max);
}

/* length of the mask if a range is one */
function range_mask_len(start: bigint, end: bigint, len: number): number {
	while (start <= end && !(start & 1n) && end & 1n && len > 0) {
		start >>= 1n;
		end >>= 1n;
		len--;
	}
	return start === end ? len : -1;
}

function concat_range_one(r1: expr, r2: expr): expr {
	if (r1.value === r2.value) return r2;
	const string =
		expr_basetype(r1).type === TYPE_STRING && expr_basetype(r2).type === TYPE_STRING;
	const order = (v: bigint): bigint => (string ? mpz_switch_byteorder(v, r1.len / 8) : v);
	const prefix_len = range_mask_len(order(r1.value), order(r2.value), r1.len);
	if (string && prefix_len >= 0 && prefix_len % 8 === 0) {
		const text = `${mpz_to_string(r1.value, prefix_len / 8)}*`;
		const e = constant_expr_alloc(
			r1.location,
			r1.dtype,
			BYTEORDER_HOST_ENDIAN,
			r2.len,
			mpz_from_string(text),
		);
		return e;
	}
	if (prefix_len < 0 || !r1.dtype.prefix) return range_expr_alloc(r1.location, r1, r2);
	const p = prefix_expr_alloc(r1.location, r1, prefix_len);
	p.len = r2.len;
	return p;
}

/** Turns pairs of concatenations, low and high, into concatenations of ranges. */
export function concat_range_aggregate(set: expr): void {
	const out: expr[] = [];
	for (let n = 0; n + 1 < set.expressions.length; n += 2) {
		const start = expr_value(set.expressions[n]).expressions;
		const end = set.expressions[n + 1];
		const concat = expr_value(end);
		concat.expressions = concat.expressions.map((r2, k) =>
			concat_range_one(start[k], r2),
		);
		out.push(end);
	}
	set.expressions = out;
	set.size = out.length;
}

/* ---- single elements */

function get_key_byteorder(e: expr): byteorder {
	switch (expr_basetype(e).type) {
		case TYPE_INTEGER:
			return BYTEORDER_BIG_ENDIAN;
		case TYPE_STRING:
			return BYTEORDER_HOST_ENDIAN;
		default:
			return BYTEORDER_INVALID;
	}
}

/** The keys to ask the kernel for. */
export function get_set_intervals(set: nft_set, init: expr): expr {
	const order = get_key_byteorder(set.key);
	const out = compound_expr_alloc(internal_location, EXPR_LIST);
	const add = (value: bigint, flags: number, bo: byteorder): void => {
		const v = constant_expr_alloc(
			internal_location,
			set.key.dtype,
			bo,
			set.key.len,
			value,
		);
		const e = set_elem_expr_alloc(internal_location, v);
		e.flags = flags;
		compound_expr_add(out, e);
	};
	for (const i of init.expressions) {
		if (i.key.etype === EXPR_VALUE) add(i.key.value, i.flags, order);
		else if (i.key.etype === EXPR_CONCAT) {
			compound_expr_add(out, expr_clone(i));
			i.flags |= EXPR_F_INTERVAL_END;
			compound_expr_add(out, expr_clone(i));
		} else {
			add(range_expr_value_low(i), 0, i.byteorder);
			add(range_expr_value_high(i) + 1n, EXPR_F_INTERVAL_END, i.byteorder);
		}
	}
	return out;
}

function interval_find(cache_set: nft_set, left: expr, right: expr | null): expr | null {
	for (const i of cache_set.init?.expressions ?? []) {
		const k = i.key;
		if (k.etype === EXPR_VALUE && expr_basetype(k).type !== TYPE_STRING) continue;
		if (left.key.value !== range_expr_value_low(i)) continue;
		if (right !== null && right.key.value !== range_expr_value_high(i)) continue;
		return expr_clone(k);
	}
	return null;
}

function expr_to_set_elem(e: expr): expr {
	if (expr_basetype(expr_value(e)).type !== TYPE_STRING) return expr_clone(e);
	const text = wildcard(e, expr_value(e).value);
	return text === null ? expr_clone(e) : to_set_elem(e, text);
}

/** Turns the ends that the kernel answered into the elements that hold them. False: not found. */
export function get_set_decompose(cache_set: nft_set, set: nft_set): boolean {
	const out = set_expr_alloc(internal_location, set);
	let left: expr | null = null;
	const single = (e: expr): void => {
		compound_expr_add(out, interval_find(cache_set, e, null) ?? expr_to_set_elem(e));
	};
	for (const i of set.init?.expressions ?? []) {
		if (i.flags & EXPR_F_INTERVAL_END && left !== null) {
			i.key.value--;
			const range = interval_find(cache_set, left, i);
			if (range === null) return false;
			compound_expr_add(out, range);
			left = null;
			continue;
		}
		if (left !== null) single(left);
		left = i;
	}
	if (left !== null) single(left);
	set.init = out;
	return true;
}
