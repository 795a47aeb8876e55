// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, user data: what the kernel keeps for the tool.
 * Modelled on libnftnl's udata.c and on the build_udata and parse_udata functions of nftables 1.0.6:
 * bytes of type, length and value, values may hold such triples again.
 */

import type { expr } from './expr.ts';
import {
	EXPR_BINOP,
	EXPR_CONCAT,
	EXPR_CT,
	EXPR_FIB,
	EXPR_META,
	EXPR_NUMGEN,
	EXPR_PAYLOAD,
	EXPR_VERDICT,
	compound_expr_add,
	compound_expr_alloc,
	ct_expr_alloc,
	fib_expr_alloc,
	meta_expr_alloc,
	numgen_expr_alloc,
	payload_expr_alloc,
	symbol_expr_alloc,
} from './expr.ts';
import {
	TYPE_INTEGER,
	concat_subtype_add,
	concat_type_alloc,
	datatype_clone,
	verdict_type,
	xinteger_type,
} from './datatype.ts';
import { internal_location } from './erec.ts';
import {
	BYTEORDER_BIG_ENDIAN,
	bytes_to_string,
	netlink_padded_len,
	string_to_bytes,
} from './mpz.ts';
import { proto_find_desc } from './proto.ts';

export const NFTNL_UDATA_COMMENT = 0;
export const NFTNL_UDATA_SET_KEYBYTEORDER = 0;
export const NFTNL_UDATA_SET_DATABYTEORDER = 1;
export const NFTNL_UDATA_SET_MERGE_ELEMENTS = 2;
export const NFTNL_UDATA_SET_KEY_TYPEOF = 3;
export const NFTNL_UDATA_SET_DATA_TYPEOF = 4;
export const NFTNL_UDATA_SET_DATA_INTERVAL = 6;
export const NFTNL_UDATA_SET_COMMENT = 7;
export const NFTNL_UDATA_SET_ELEM_FLAGS = 1;

const TYPEOF_EXPR = 0;
const TYPEOF_DATA = 1;

/** Collects triples. */
export class udata_buf {
	bytes: number[] = [];

	put(type: number, data: ArrayLike<number>): void {
		this.bytes.push(type, data.length, ...Array.from(data));
	}

	put_u32(type: number, v: number): void {
		this.put(type, [v & 0xff, (v >>> 8) & 0xff, (v >>> 16) & 0xff, v >>> 24]);
	}

	put_strz(type: number, s: string): void {
		this.put(type, string_to_bytes(s));
	}

	nest(type: number, fill: (b: udata_buf) => void): void {
		const inner = new udata_buf();
		fill(inner);
		this.put(type, inner.bytes);
	}

	data(): Uint8Array {
		return Uint8Array.from(this.bytes);
	}
}

/** The triples in some bytes, by type. */
export function udata_parse(data: Uint8Array): Map<number, Uint8Array> {
	const out = new Map<number, Uint8Array>();
	for (let i = 0; i + 2 <= data.length; i += 2 + data[i + 1])
		out.set(data[i], data.subarray(i + 2, i + 2 + data[i + 1]));
	return out;
}

/** An integer of parsed user data, null if absent. */
export function udata_u32(ud: Map<number, Uint8Array>, type: number): number | null {
	const b = ud.get(type);
	if (b === undefined || b.length !== 4) return null;
	return (b[0] | (b[1] << 8) | (b[2] << 16) | (b[3] << 24)) >>> 0;
}

/** A string of parsed user data, null if absent. */
export function udata_str(ud: Map<number, Uint8Array>, type: number): string | null {
	const b = ud.get(type);
	return b === undefined ? null : bytes_to_string(b);
}

/** User data that is only a comment. */
export function comment_udata(comment: string): Uint8Array {
	const b = new udata_buf();
	b.put_strz(NFTNL_UDATA_COMMENT, comment);
	return b.data();
}

/** Comment in user data, null if there is none. */
export function udata_comment(data: Uint8Array | null): string | null {
	return data === null ? null : udata_str(udata_parse(data), NFTNL_UDATA_COMMENT);
}

function build(b: udata_buf, e: expr): boolean {
	switch (e.etype) {
		case EXPR_VERDICT:
			return true;
		case EXPR_PAYLOAD:
			b.put_u32(0, e.desc.id);
			b.put_u32(1, Math.max(e.desc.templates.indexOf(e.tmpl), 0));
			if (e.desc.id === 0) {
				b.put_u32(2, e.base);
				b.put_u32(3, e.offset);
			}
			if (e.dtype.type === TYPE_INTEGER) b.put_u32(4, e.len);
			return true;
		case EXPR_META:
			b.put_u32(0, e.meta_key);
			return true;
		case EXPR_CT:
			b.put_u32(0, e.ct_key);
			b.put_u32(1, e.direction >>> 0);
			return true;
		case EXPR_FIB:
			b.put_u32(0, e.fib_result);
			b.put_u32(1, e.fib_flags);
			return true;
		case EXPR_NUMGEN:
			b.put_u32(0, e.ng_type);
			b.put_u32(1, e.ng_mod);
			b.put_u32(2, e.ng_offset);
			return true;
		case EXPR_CONCAT:
			for (const [n, part] of e.expressions.entries()) {
				const i = part.etype === EXPR_BINOP ? part.left : part;
				const inner = new udata_buf();
				if (!build(inner, i)) return false;
				b.nest(n, (nest) => {
					nest.put_u32(TYPEOF_EXPR, i.etype);
					nest.put(TYPEOF_DATA, inner.bytes);
				});
			}
			return true;
		default:
			return false;
	}
}

/** Notes the expression that a key or data type was taken from. Types that are only named have none. */
export function udata_put_typeof(b: udata_buf, type: number, e: expr): void {
	const inner = new udata_buf();
	const ok = build(inner, e);
	if (!ok && e.etype !== EXPR_CONCAT) return;
	b.nest(type, (nest) => {
		nest.put_u32(TYPEOF_EXPR, e.etype);
		nest.put(TYPEOF_DATA, inner.bytes);
	});
}

function parse_payload(ud: Map<number, Uint8Array>): expr | null {
	const id = udata_u32(ud, 0);
	const type = udata_u32(ud, 1);
	if (id === null || type === null) return null;
	const desc = proto_find_desc(id);
	const len = udata_u32(ud, 4) ?? 0;
	const base = udata_u32(ud, 2);
	const offset = udata_u32(ud, 3);
	if (desc === null && (base === null || offset === null)) return null;
	const e = payload_expr_alloc(internal_location, desc, type);
	if (len) e.len = len;
	if (desc === null && base !== null && offset !== null) {
		e.base = base;
		e.offset = offset;
		e.is_raw = true;
		e.len = len;
		e.dtype = datatype_clone(xinteger_type, len, BYTEORDER_BIG_ENDIAN);
	}
	return e;
}

function parse_expr(etype: number, data: Uint8Array): expr | null {
	const ud = udata_parse(data);
	const u = (n: number): number => udata_u32(ud, n) ?? 0;
	switch (etype) {
		case EXPR_VERDICT: {
			const e = symbol_expr_alloc(internal_location, false, 'verdict');
			e.dtype = verdict_type;
			e.len = 128;
			return e;
		}
		case EXPR_PAYLOAD:
			return parse_payload(ud);
		case EXPR_META:
			return meta_expr_alloc(internal_location, u(0));
		case EXPR_CT:
			return ct_expr_alloc(internal_location, u(0), u(1) | 0);
		case EXPR_FIB:
			return fib_expr_alloc(internal_location, u(1), u(0));
		case EXPR_NUMGEN:
			return numgen_expr_alloc(internal_location, u(0), u(1), u(2));
		case EXPR_CONCAT: {
			const e = compound_expr_alloc(internal_location, EXPR_CONCAT);
			let type = 0;
			for (let n = 0; ud.has(n); n++) {
				const i = udata_typeof(ud.get(n) ?? null);
				if (i === null) return null;
				type = concat_subtype_add(type, i.dtype.type);
				compound_expr_add(e, i);
				e.len += netlink_padded_len(i.len);
			}
			e.dtype = concat_type_alloc(type);
			return e;
		}
		default:
			return null;
	}
}

/** The expression of a type, null if there is none. */
export function udata_typeof(data: Uint8Array | null): expr | null {
	if (data === null) return null;
	const ud = udata_parse(data);
	const etype = udata_u32(ud, TYPEOF_EXPR);
	const inner = ud.get(TYPEOF_DATA);
	return etype === null || inner === undefined ? null : parse_expr(etype, inner);
}
