// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, from statements to kernel expressions.
 * Modelled on netlink_linearize.c and netlink.c of nftables 1.0.6. Registers are counted in 32-bit slots
 * and named by their 128-bit names where one starts there.
 */

import {
	type nlattrs,
	nla_put,
	nla_put_string,
	nla_put_u16,
	nla_put_u32,
	nla_put_u64_64bit,
	nla_put_u8,
} from '../../../../../include/net/netlink.ts';
import {
	NFTA_BITWISE_DATA,
	NFTA_BITWISE_DREG,
	NFTA_BITWISE_LEN,
	NFTA_BITWISE_MASK,
	NFTA_BITWISE_OP,
	NFTA_BITWISE_SREG,
	NFTA_BITWISE_XOR,
	NFTA_BYTEORDER_DREG,
	NFTA_BYTEORDER_LEN,
	NFTA_BYTEORDER_OP,
	NFTA_BYTEORDER_SIZE,
	NFTA_BYTEORDER_SREG,
	NFTA_CMP_DATA,
	NFTA_CMP_OP,
	NFTA_CMP_SREG,
	NFTA_COUNTER_BYTES,
	NFTA_COUNTER_PACKETS,
	NFTA_CT_DIRECTION,
	NFTA_CT_DREG,
	NFTA_CT_KEY,
	NFTA_CT_SREG,
	NFTA_DATA_VALUE,
	NFTA_DATA_VERDICT,
	NFTA_DYNSET_EXPR,
	NFTA_DYNSET_FLAGS,
	NFTA_DYNSET_OP,
	NFTA_DYNSET_SET_ID,
	NFTA_DYNSET_SET_NAME,
	NFTA_DYNSET_SREG_DATA,
	NFTA_DYNSET_SREG_KEY,
	NFTA_DYNSET_TIMEOUT,
	NFTA_EXPR_DATA,
	NFTA_EXPR_NAME,
	NFTA_FIB_DREG,
	NFTA_FIB_FLAGS,
	NFTA_FIB_RESULT,
	NFTA_FLOW_TABLE_NAME,
	NFTA_IMMEDIATE_DATA,
	NFTA_IMMEDIATE_DREG,
	NFTA_LIMIT_BURST,
	NFTA_LIMIT_FLAGS,
	NFTA_LIMIT_RATE,
	NFTA_LIMIT_TYPE,
	NFTA_LIMIT_UNIT,
	NFTA_LOG_FLAGS,
	NFTA_LOG_GROUP,
	NFTA_LOG_LEVEL,
	NFTA_LOG_PREFIX,
	NFTA_LOG_QTHRESHOLD,
	NFTA_LOG_SNAPLEN,
	NFTA_LOOKUP_DREG,
	NFTA_LOOKUP_FLAGS,
	NFTA_LOOKUP_SET,
	NFTA_LOOKUP_SET_ID,
	NFTA_LOOKUP_SREG,
	NFTA_MASQ_FLAGS,
	NFTA_MASQ_REG_PROTO_MAX,
	NFTA_MASQ_REG_PROTO_MIN,
	NFTA_META_DREG,
	NFTA_META_KEY,
	NFTA_META_SREG,
	NFTA_NAT_FAMILY,
	NFTA_NAT_FLAGS,
	NFTA_NAT_REG_ADDR_MAX,
	NFTA_NAT_REG_ADDR_MIN,
	NFTA_NAT_REG_PROTO_MAX,
	NFTA_NAT_REG_PROTO_MIN,
	NFTA_NAT_TYPE,
	NFTA_NG_DREG,
	NFTA_NG_MODULUS,
	NFTA_NG_OFFSET,
	NFTA_NG_TYPE,
	NFTA_OBJREF_IMM_NAME,
	NFTA_OBJREF_IMM_TYPE,
	NFTA_OBJREF_SET_ID,
	NFTA_OBJREF_SET_NAME,
	NFTA_OBJREF_SET_SREG,
	NFTA_PAYLOAD_BASE,
	NFTA_PAYLOAD_CSUM_FLAGS,
	NFTA_PAYLOAD_CSUM_OFFSET,
	NFTA_PAYLOAD_CSUM_TYPE,
	NFTA_PAYLOAD_DREG,
	NFTA_PAYLOAD_LEN,
	NFTA_PAYLOAD_OFFSET,
	NFTA_PAYLOAD_SREG,
	NFTA_RANGE_FROM_DATA,
	NFTA_RANGE_OP,
	NFTA_RANGE_SREG,
	NFTA_RANGE_TO_DATA,
	NFTA_REDIR_FLAGS,
	NFTA_REDIR_REG_PROTO_MAX,
	NFTA_REDIR_REG_PROTO_MIN,
	NFTA_REJECT_ICMP_CODE,
	NFTA_REJECT_TYPE,
	NFTA_SET_ELEM_DATA,
	NFTA_SET_ELEM_EXPIRATION,
	NFTA_SET_ELEM_EXPR,
	NFTA_SET_ELEM_FLAGS,
	NFTA_SET_ELEM_KEY,
	NFTA_SET_ELEM_KEY_END,
	NFTA_SET_ELEM_OBJREF,
	NFTA_SET_ELEM_TIMEOUT,
	NFTA_SET_ELEM_USERDATA,
	NFTA_VERDICT_CHAIN,
	NFTA_VERDICT_CHAIN_ID,
	NFTA_VERDICT_CODE,
	NFT_BITWISE_BOOL,
	NFT_BITWISE_LSHIFT,
	NFT_BITWISE_RSHIFT,
	NFT_BYTEORDER_HTON,
	NFT_BYTEORDER_NTOH,
	NFT_CMP_EQ,
	NFT_CMP_GT,
	NFT_CMP_GTE,
	NFT_CMP_LT,
	NFT_CMP_LTE,
	NFT_CMP_NEQ,
	NFT_LOOKUP_F_INV,
	NFT_NAT_DNAT,
	NFT_NAT_SNAT,
	NFT_PAYLOAD_L4CSUM_PSEUDOHDR,
	NFT_RANGE_NEQ,
	NFT_REG32_00,
	NFT_REG32_15,
	NFT_REG_1,
	NFT_REG_SIZE,
	NFT_REG_VERDICT,
	NFT_SET_ELEM_INTERVAL_END,
	NFT_SET_INTERVAL,
} from '../../../../../include/uapi/linux/netfilter/nf_tables.ts';
import { NFPROTO_IPV4 } from '../../../../../include/uapi/linux/netfilter.ts';
import { TYPE_BITMASK, TYPE_INTEGER, TYPE_STRING } from './datatype.ts';
import type { location } from './erec.ts';
import {
	EXPR_BINOP,
	EXPR_CONCAT,
	EXPR_CT,
	EXPR_FIB,
	EXPR_F_INTERVAL,
	EXPR_F_INTERVAL_END,
	EXPR_F_SINGLETON,
	EXPR_LIST,
	EXPR_MAP,
	EXPR_MAPPING,
	EXPR_META,
	EXPR_NUMGEN,
	EXPR_PAYLOAD,
	EXPR_PREFIX,
	EXPR_RANGE,
	EXPR_RELATIONAL,
	EXPR_SET,
	EXPR_SET_ELEM,
	EXPR_SET_REF,
	EXPR_UNARY,
	EXPR_VALUE,
	EXPR_VERDICT,
	OP_AND,
	OP_EQ,
	OP_GT,
	OP_GTE,
	OP_HTON,
	OP_IMPLICIT,
	OP_LSHIFT,
	OP_LT,
	OP_LTE,
	OP_NEG,
	OP_NEQ,
	OP_OR,
	OP_RSHIFT,
	OP_XOR,
	expr,
	expr_basetype,
	expr_name,
	expr_to_string,
	set_of,
} from './expr.ts';
import {
	BYTEORDER_BIG_ENDIAN,
	BYTEORDER_HOST_ENDIAN,
	type byteorder,
	div_round_up,
	mpz_bitmask,
	mpz_export_data,
	mpz_prefixmask,
	mpz_switch_byteorder,
	netlink_padded_len,
	netlink_register_space,
} from './mpz.ts';
import { PROTO_BASE_NETWORK_HDR, proto_unknown } from './proto.ts';
import { type nft_rule, set_is_datamap, set_is_objmap } from './rule.ts';
import {
	NFT_NAT_MASQ,
	STMT_LOG_GROUP,
	STMT_LOG_LEVEL,
	STMT_LOG_PREFIX,
	STMT_LOG_QTHRESHOLD,
	STMT_LOG_SNAPLEN,
	STMT_NAT_F_CONCAT,
	STMT_NAT_F_INTERVAL,
	type log_stmt,
	type nat_stmt,
	type objref_stmt,
	type payload_stmt,
	type set_stmt,
	type stmt,
} from './stmt.ts';
import { NFTNL_UDATA_COMMENT, NFTNL_UDATA_SET_ELEM_FLAGS, udata_buf } from './udata.ts';

const NFT_REG32_SIZE = 4;
/* several statements: kernels before 5.11 refuse it */
const NFT_DYNSET_F_EXPR = 1 << 1;

/* ---- data */

function export_pad(v: bigint, e: expr): Uint8Array {
	const out = new Uint8Array(netlink_padded_len(e.len) / 8);
	out.set(mpz_export_data(v, e.byteorder, div_round_up(e.len, 8)));
	return out;
}

function join(parts: Uint8Array[], len: number): Uint8Array {
	const out = new Uint8Array(len);
	let at = 0;
	for (const p of parts) {
		out.set(p.subarray(0, len - at), at);
		at += p.length;
	}
	return out;
}

function ends_data(low: bigint, high: bigint, l: expr, h: expr): Uint8Array {
	const a = export_pad(low, l);
	const b = export_pad(high, h);
	return join([a, b], a.length + b.length);
}

function swap_host_integer(e: expr): void {
	if (expr_basetype(e).type === TYPE_INTEGER && e.byteorder === BYTEORDER_HOST_ENDIAN)
		e.value = mpz_switch_byteorder(e.value, e.len / 8);
}

/* one field of the key of an element; which end of intervals is said by flags of the concatenation */
function concat_key_part(flags: number, i: expr): Uint8Array {
	switch (i.etype) {
		case EXPR_RANGE: {
			const e = flags & EXPR_F_INTERVAL_END ? i.right : i.left;
			swap_host_integer(e);
			return export_pad(e.value, e);
		}
		case EXPR_PREFIX: {
			if (!(flags & EXPR_F_INTERVAL_END)) return export_pad(i.left.value, i);
			let v = mpz_bitmask(i.len - i.prefix_len);
			if (i.byteorder === BYTEORDER_HOST_ENDIAN)
				v = mpz_switch_byteorder(v, i.len / 8);
			return export_pad(i.left.value + v, i);
		}
		default:
			// once is enough: the end comes second
			if (flags & EXPR_F_INTERVAL) swap_host_integer(i);
			return export_pad(i.value, i);
	}
}

function concat_data_part(end: boolean, i: expr): Uint8Array {
	if (i.etype === EXPR_RANGE) {
		const e = end ? i.right : i.left;
		return export_pad(e.value, e);
	}
	if (i.etype === EXPR_PREFIX)
		return export_pad(i.left.value + (end ? mpz_bitmask(i.len - i.prefix_len) : 0n), i);
	return export_pad(i.value, i);
}

function raw_data(v: bigint, order: byteorder, len: number): Uint8Array {
	return mpz_export_data(v, order, len);
}

/** Bytes of a constant; expand: both ends of what may be an interval. */
export function gen_data(e: expr, expand = false): Uint8Array {
	switch (e.etype) {
		case EXPR_VALUE:
			return raw_data(e.value, e.byteorder, div_round_up(e.len, 8));
		case EXPR_CONCAT: {
			const parts = e.expressions.map((i) => concat_data_part(false, i));
			if (!expand) return join(parts, e.len / 8);
			parts.push(...e.expressions.map((i) => concat_data_part(true, i)));
			return join(parts, div_round_up(e.len, 8) * 2);
		}
		case EXPR_RANGE:
			return ends_data(e.left.value, e.right.value, e.left, e.right);
		case EXPR_PREFIX:
			return ends_data(
				e.left.value,
				e.left.value + mpz_bitmask(e.len - e.prefix_len),
				e,
				e.left,
			);
		default:
			throw new Error(`invalid data expression type ${expr_name(e)}`);
	}
}

function gen_key(e: expr): Uint8Array {
	if (e.etype !== EXPR_CONCAT) return gen_data(e);
	return join(
		e.expressions.map((i) => concat_key_part(e.flags, i)),
		e.len / 8,
	);
}

/** An attribute that holds bytes. */
export function data_value(bytes: Uint8Array): nlattrs {
	return new Map([[NFTA_DATA_VALUE, bytes]]);
}

function verdict_data(e: expr): nlattrs {
	const v: nlattrs = new Map();
	v.set(NFTA_VERDICT_CODE, e.verdict | 0);
	if (e.chain !== null) nla_put_string(v, NFTA_VERDICT_CHAIN, expr_to_string(e.chain));
	else if (e.chain_id) nla_put_u32(v, NFTA_VERDICT_CHAIN_ID, e.chain_id);
	return new Map([[NFTA_DATA_VERDICT, v]]);
}

function kernel_expr(name: string, data: nlattrs): nlattrs {
	const e: nlattrs = new Map();
	e.set(NFTA_EXPR_NAME, name);
	e.set(NFTA_EXPR_DATA, data);
	return e;
}

/** A stateful statement as a kernel expression. */
export function gen_stmt_stateful(s: stmt): nlattrs {
	const d: nlattrs = new Map();
	if (s.type === 'counter') {
		if (s.bytes) nla_put_u64_64bit(d, NFTA_COUNTER_BYTES, s.bytes);
		if (s.packets) nla_put_u64_64bit(d, NFTA_COUNTER_PACKETS, s.packets);
		return kernel_expr('counter', d);
	}
	if (s.type === 'limit') {
		nla_put_u64_64bit(d, NFTA_LIMIT_RATE, s.rate);
		nla_put_u64_64bit(d, NFTA_LIMIT_UNIT, s.unit);
		if (s.burst > 0) nla_put_u32(d, NFTA_LIMIT_BURST, s.burst);
		nla_put_u32(d, NFTA_LIMIT_TYPE, s.limit_type);
		nla_put_u32(d, NFTA_LIMIT_FLAGS, s.limit_flags);
		return kernel_expr('limit', d);
	}
	throw new Error(`unknown stateful statement type ${s.name}`);
}

/** One element as the kernel takes it. */
export function gen_set_elem(set: expr, e: expr): nlattrs {
	const tb: nlattrs = new Map();
	const elem = e.etype === EXPR_MAPPING ? e.left : e;
	const data = e.etype === EXPR_MAPPING && !(e.flags & EXPR_F_INTERVAL_END) ? e.right : null;
	const key = elem.key;

	if (
		set.set_flags & NFT_SET_INTERVAL &&
		key.etype === EXPR_CONCAT &&
		key.field_len.length > 1
	) {
		key.flags |= EXPR_F_INTERVAL;
		tb.set(NFTA_SET_ELEM_KEY, data_value(gen_key(key)));
		key.flags &= ~EXPR_F_INTERVAL;
		key.flags |= EXPR_F_INTERVAL_END;
		tb.set(NFTA_SET_ELEM_KEY_END, data_value(gen_key(key)));
		key.flags &= ~EXPR_F_INTERVAL_END;
	} else tb.set(NFTA_SET_ELEM_KEY, data_value(gen_key(key)));

	if (elem.timeout) nla_put_u64_64bit(tb, NFTA_SET_ELEM_TIMEOUT, elem.timeout);
	if (elem.expiration) nla_put_u64_64bit(tb, NFTA_SET_ELEM_EXPIRATION, elem.expiration);
	// kernels before 5.12 keep one expression per element and refuse the flag of the set otherwise
	if (elem.stmt_list.length === 1)
		tb.set(NFTA_SET_ELEM_EXPR, gen_stmt_stateful(elem.stmt_list[0]));
	if (elem.comment !== null || e.elem_flags) {
		const ud = new udata_buf();
		if (elem.comment !== null) ud.put_strz(NFTNL_UDATA_COMMENT, elem.comment);
		if (e.elem_flags) ud.put_u32(NFTNL_UDATA_SET_ELEM_FLAGS, e.elem_flags);
		nla_put(tb, NFTA_SET_ELEM_USERDATA, ud.data());
	}
	if (set_is_datamap(set.set_flags) && data !== null)
		tb.set(
			NFTA_SET_ELEM_DATA,
			data.etype === EXPR_VERDICT
				? verdict_data(data)
				: data_value(gen_data(data, !(data.flags & EXPR_F_SINGLETON))),
		);
	if (set_is_objmap(set.set_flags) && data !== null)
		nla_put_string(tb, NFTA_SET_ELEM_OBJREF, expr_to_string(data));
	if (e.flags & EXPR_F_INTERVAL_END)
		nla_put_u32(tb, NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
	return tb;
}

function cmp_op(op: number): number {
	switch (op) {
		case OP_EQ:
		case OP_IMPLICIT:
			return NFT_CMP_EQ;
		case OP_NEQ:
			return NFT_CMP_NEQ;
		case OP_LT:
			return NFT_CMP_LT;
		case OP_GT:
			return NFT_CMP_GT;
		case OP_LTE:
			return NFT_CMP_LTE;
		case OP_GTE:
			return NFT_CMP_GTE;
		default:
			throw new Error(`invalid comparison operation ${op}`);
	}
}

function nat_addrlen(family: number): number {
	return family === NFPROTO_IPV4 ? 32 : 128;
}

/** Collects the kernel expressions of a rule and where they come from. */
class linearize_ctx {
	exprs: nlattrs[] = [];
	locs: location[] = [];
	reg_low: number = NFT_REG_1;

	add(name: string, data: nlattrs, loc: location): void {
		this.exprs.push(kernel_expr(name, data));
		this.locs.push(loc);
	}

	put_register(tb: nlattrs, attr: number, reg: number): void {
		if (reg !== NFT_REG_VERDICT) {
			reg -= NFT_REG_1;
			const per = NFT_REG_SIZE / NFT_REG32_SIZE;
			reg = reg % per === 0 ? NFT_REG_1 + reg / per : NFT_REG32_00 + reg;
		}
		nla_put_u32(tb, attr, reg);
	}

	space(e: expr | null): number {
		return netlink_register_space(
			e !== null && e.etype === EXPR_CONCAT ? e.len : NFT_REG_SIZE * 8,
		);
	}

	get_register(e: expr | null): number {
		const n = this.space(e);
		if (this.reg_low + n > NFT_REG_1 + NFT_REG32_15 - NFT_REG32_00 + 1)
			throw new Error(`register reg_low ${this.reg_low} invalid`);
		const reg = this.reg_low;
		this.reg_low += n;
		return reg;
	}

	release_register(e: expr | null): void {
		this.reg_low -= this.space(e);
	}

	/* evaluates into a register that is free again afterwards */
	source(e: expr): number {
		const reg = this.get_register(e);
		this.gen_expr(e, reg);
		this.release_register(e);
		return reg;
	}

	gen_expr(e: expr, dreg: number): void {
		const d: nlattrs = new Map();
		switch (e.etype) {
			case EXPR_VERDICT:
			case EXPR_VALUE:
				this.put_register(d, NFTA_IMMEDIATE_DREG, dreg);
				d.set(
					NFTA_IMMEDIATE_DATA,
					e.etype === EXPR_VERDICT
						? verdict_data(e)
						: data_value(gen_data(e)),
				);
				this.add('immediate', d, e.chain?.location ?? e.location);
				break;
			case EXPR_UNARY:
				this.gen_unary(e, dreg);
				break;
			case EXPR_BINOP:
				if (e.op === OP_LSHIFT || e.op === OP_RSHIFT)
					this.gen_shift(e, dreg);
				else this.gen_bitwise(e, dreg);
				break;
			case EXPR_RELATIONAL:
				this.gen_relational(e);
				break;
			case EXPR_CONCAT:
				for (const i of e.expressions) {
					this.gen_expr(i, dreg);
					dreg += netlink_register_space(i.len);
				}
				break;
			case EXPR_MAP:
				this.gen_map(e, dreg);
				break;
			case EXPR_PAYLOAD:
				this.put_register(d, NFTA_PAYLOAD_DREG, dreg);
				nla_put_u32(d, NFTA_PAYLOAD_BASE, e.base - 1);
				nla_put_u32(d, NFTA_PAYLOAD_OFFSET, Math.floor(e.offset / 8));
				nla_put_u32(d, NFTA_PAYLOAD_LEN, div_round_up(e.len, 8));
				this.add('payload', d, e.location);
				break;
			case EXPR_META:
				this.put_register(d, NFTA_META_DREG, dreg);
				nla_put_u32(d, NFTA_META_KEY, e.meta_key);
				this.add('meta', d, e.location);
				break;
			case EXPR_CT:
				this.put_register(d, NFTA_CT_DREG, dreg);
				nla_put_u32(d, NFTA_CT_KEY, e.ct_key);
				if (e.direction >= 0) nla_put_u8(d, NFTA_CT_DIRECTION, e.direction);
				this.add('ct', d, e.location);
				break;
			case EXPR_SET_ELEM:
				this.gen_expr(e.key, dreg);
				break;
			case EXPR_NUMGEN:
				this.put_register(d, NFTA_NG_DREG, dreg);
				nla_put_u32(d, NFTA_NG_MODULUS, e.ng_mod);
				nla_put_u32(d, NFTA_NG_TYPE, e.ng_type);
				nla_put_u32(d, NFTA_NG_OFFSET, e.ng_offset);
				this.add('numgen', d, e.location);
				break;
			case EXPR_FIB:
				this.put_register(d, NFTA_FIB_DREG, dreg);
				nla_put_u32(d, NFTA_FIB_RESULT, e.fib_result);
				nla_put_u32(d, NFTA_FIB_FLAGS, e.fib_flags);
				this.add('fib', d, e.location);
				break;
			default:
				throw new Error(`unknown expression type ${expr_name(e)}`);
		}
	}

	gen_unary(e: expr, dreg: number): void {
		const size = e.left.len % 64 === 0 ? 8 : e.left.len % 32 === 0 ? 4 : 2;
		this.gen_expr(e.left, dreg);
		const d: nlattrs = new Map();
		this.put_register(d, NFTA_BYTEORDER_SREG, dreg);
		this.put_register(d, NFTA_BYTEORDER_DREG, dreg);
		nla_put_u32(
			d,
			NFTA_BYTEORDER_OP,
			e.op === OP_HTON ? NFT_BYTEORDER_HTON : NFT_BYTEORDER_NTOH,
		);
		nla_put_u32(d, NFTA_BYTEORDER_LEN, Math.floor(e.len / 8));
		nla_put_u32(d, NFTA_BYTEORDER_SIZE, size);
		this.add('byteorder', d, e.location);
	}

	gen_shift(e: expr, dreg: number): void {
		this.gen_expr(e.left, dreg);
		const d: nlattrs = new Map();
		this.put_register(d, NFTA_BITWISE_SREG, dreg);
		this.put_register(d, NFTA_BITWISE_DREG, dreg);
		nla_put_u32(
			d,
			NFTA_BITWISE_OP,
			e.op === OP_LSHIFT ? NFT_BITWISE_LSHIFT : NFT_BITWISE_RSHIFT,
		);
		nla_put_u32(d, NFTA_BITWISE_LEN, div_round_up(e.len, 8));
		d.set(NFTA_BITWISE_DATA, data_value(raw_data(e.right.value, e.right.byteorder, 4)));
		this.add('bitwise', d, e.location);
	}

	bitwise(
		reg: number,
		len: number,
		mask: Uint8Array,
		xor: Uint8Array,
		op: boolean,
		loc: location,
	): void {
		const d: nlattrs = new Map();
		this.put_register(d, NFTA_BITWISE_SREG, reg);
		this.put_register(d, NFTA_BITWISE_DREG, reg);
		if (op) nla_put_u32(d, NFTA_BITWISE_OP, NFT_BITWISE_BOOL);
		nla_put_u32(d, NFTA_BITWISE_LEN, len);
		d.set(NFTA_BITWISE_MASK, data_value(mask));
		d.set(NFTA_BITWISE_XOR, data_value(xor));
		this.add('bitwise', d, loc);
	}

	gen_bitwise(e: expr, dreg: number): void {
		const ops: expr[] = [];
		let left = e;
		while (
			left.etype === EXPR_BINOP &&
			(left.op === OP_AND || left.op === OP_OR || left.op === OP_XOR)
		) {
			ops.push(left);
			left = left.left;
		}
		this.gen_expr(left, dreg);
		const all = mpz_bitmask(e.len);
		let mask = all;
		let xor = 0n;
		for (const i of ops.reverse()) {
			const v = i.right.value;
			const m = i.op === OP_AND ? v : i.op === OP_OR ? all & ~v : all;
			const x = i.op === OP_AND ? 0n : v;
			xor = x ^ (xor & m);
			mask &= m;
		}
		const len = div_round_up(e.len, 8);
		this.bitwise(
			dreg,
			len,
			raw_data(mask, e.byteorder, len),
			raw_data(xor, e.byteorder, len),
			true,
			e.location,
		);
	}

	cmp(reg: number, op: number, data: Uint8Array, loc: location): void {
		const d: nlattrs = new Map();
		this.put_register(d, NFTA_CMP_SREG, reg);
		nla_put_u32(d, NFTA_CMP_OP, op);
		d.set(NFTA_CMP_DATA, data_value(data));
		this.add('cmp', d, loc);
	}

	gen_range(e: expr): void {
		const range = e.right;
		const reg = this.get_register(e.left);
		this.gen_expr(e.left, reg);
		if (e.op === OP_NEQ) {
			const d: nlattrs = new Map();
			this.put_register(d, NFTA_RANGE_SREG, reg);
			nla_put_u32(d, NFTA_RANGE_OP, NFT_RANGE_NEQ);
			d.set(NFTA_RANGE_FROM_DATA, data_value(gen_data(range.left)));
			d.set(NFTA_RANGE_TO_DATA, data_value(gen_data(range.right)));
			this.add('range', d, e.location);
		} else {
			this.cmp(reg, NFT_CMP_GTE, gen_data(range.left), e.location);
			this.cmp(reg, NFT_CMP_LTE, gen_data(range.right), e.location);
		}
		this.release_register(e.left);
	}

	gen_lookup(e: expr): void {
		const set = set_of(e.right);
		const reg = this.source(e.left);
		const d: nlattrs = new Map();
		this.put_register(d, NFTA_LOOKUP_SREG, reg);
		nla_put_string(d, NFTA_LOOKUP_SET, set.handle.set_name);
		nla_put_u32(d, NFTA_LOOKUP_SET_ID, set.handle.set_id);
		if (e.op === OP_NEQ) nla_put_u32(d, NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
		this.add('lookup', d, e.location);
	}

	gen_flagcmp(e: expr): void {
		const reg = this.get_register(e.left);
		this.gen_expr(e.left, reg);
		const len = div_round_up(e.left.len, 8);
		const zero = new Uint8Array(len);
		const value = gen_data(e.right);
		if (e.left.etype === EXPR_BINOP) this.cmp(reg, NFT_CMP_EQ, value, e.location);
		else {
			this.bitwise(reg, len, value, zero, false, e.location);
			this.cmp(reg, e.op === OP_NEG ? NFT_CMP_EQ : NFT_CMP_NEQ, zero, e.location);
		}
		this.release_register(e.left);
	}

	gen_relational(e: expr): void {
		let right = e.right;
		let len = div_round_up(right.len, 8);
		let reg: number;
		switch (right.etype) {
			case EXPR_RANGE:
				this.gen_range(e);
				return;
			case EXPR_SET:
			case EXPR_SET_REF:
				this.gen_lookup(e);
				return;
			case EXPR_LIST:
				this.gen_flagcmp(e);
				return;
			case EXPR_PREFIX:
				reg = this.get_register(e.left);
				if (
					expr_basetype(e.left).type !== TYPE_STRING &&
					(right.byteorder !== BYTEORDER_BIG_ENDIAN ||
						right.prefix_len === 0 ||
						right.prefix_len % 8 !== 0)
				) {
					this.gen_expr(e.left, reg);
					const n = right.len / 8;
					const mask = mpz_prefixmask(right.len, right.prefix_len);
					this.bitwise(
						reg,
						n,
						raw_data(mask, right.byteorder, n),
						new Uint8Array(n),
						false,
						e.location,
					);
				} else {
					len = div_round_up(right.prefix_len, 8);
					e.left.len = right.prefix_len;
					this.gen_expr(e.left, reg);
				}
				right = right.left;
				break;
			default:
				if (
					(e.op === OP_IMPLICIT || e.op === OP_NEG) &&
					right.dtype.basetype !== null &&
					right.dtype.basetype.type === TYPE_BITMASK
				) {
					this.gen_flagcmp(e);
					return;
				}
				reg = this.get_register(e.left);
				this.gen_expr(e.left, reg);
		}
		this.cmp(reg, cmp_op(e.op), gen_data(right).slice(0, len), e.location);
		this.release_register(e.left);
	}

	gen_map(e: expr, dreg: number): void {
		const set = set_of(e.right);
		const sreg = dreg === NFT_REG_VERDICT ? this.get_register(e.left) : dreg;
		const extra = e.left.etype === EXPR_CONCAT ? netlink_register_space(e.left.len) : 0;
		this.reg_low += extra;
		this.gen_expr(e.left, sreg);
		this.reg_low -= extra;
		const d: nlattrs = new Map();
		this.put_register(d, NFTA_LOOKUP_SREG, sreg);
		this.put_register(d, NFTA_LOOKUP_DREG, dreg);
		nla_put_string(d, NFTA_LOOKUP_SET, set.handle.set_name);
		nla_put_u32(d, NFTA_LOOKUP_SET_ID, set.handle.set_id);
		if (dreg === NFT_REG_VERDICT) this.release_register(e.left);
		this.add('lookup', d, e.location);
	}

	/* ---- statements */

	gen_stmt(s: stmt): void {
		const d: nlattrs = new Map();
		switch (s.type) {
			case 'expression':
			case 'verdict':
			case 'chain':
				this.gen_expr(s.expr, NFT_REG_VERDICT);
				break;
			case 'payload':
				this.gen_payload_stmt(s);
				break;
			case 'meta':
				this.put_register(d, NFTA_META_SREG, this.source(s.expr));
				nla_put_u32(d, NFTA_META_KEY, s.key);
				this.add('meta', d, s.location);
				break;
			case 'ct':
				this.put_register(d, NFTA_CT_SREG, this.source(s.expr));
				nla_put_u32(d, NFTA_CT_KEY, s.key);
				if (s.direction >= 0) nla_put_u8(d, NFTA_CT_DIRECTION, s.direction);
				this.add('ct', d, s.location);
				break;
			case 'counter':
			case 'limit':
				this.exprs.push(gen_stmt_stateful(s));
				this.locs.push(s.location);
				break;
			case 'objref':
				this.gen_objref(s);
				break;
			case 'log':
				this.gen_log(s);
				break;
			case 'reject':
				nla_put_u32(d, NFTA_REJECT_TYPE, s.reject_type);
				if (s.icmp_code !== -1)
					nla_put_u8(d, NFTA_REJECT_ICMP_CODE, s.icmp_code);
				this.add('reject', d, s.location);
				break;
			case 'nat':
				this.gen_nat(s);
				break;
			case 'notrack':
				this.add('notrack', d, s.location);
				break;
			case 'flow_offload':
				nla_put_string(d, NFTA_FLOW_TABLE_NAME, s.table_name);
				this.add('flow_offload', d, s.location);
				break;
			case 'set':
				this.gen_dynset(s);
				break;
		}
	}

	gen_payload_stmt(s: payload_stmt): void {
		const reg = this.source(s.val);
		const e = s.expr;
		const d: nlattrs = new Map();
		this.put_register(d, NFTA_PAYLOAD_SREG, reg);
		nla_put_u32(d, NFTA_PAYLOAD_BASE, e.base - 1);
		nla_put_u32(d, NFTA_PAYLOAD_OFFSET, Math.floor(e.offset / 8));
		nla_put_u32(d, NFTA_PAYLOAD_LEN, Math.floor(e.len / 8));
		if (e.desc !== proto_unknown && e.desc.checksum_key > 0) {
			nla_put_u32(d, NFTA_PAYLOAD_CSUM_TYPE, e.desc.checksum_type);
			nla_put_u32(
				d,
				NFTA_PAYLOAD_CSUM_OFFSET,
				e.desc.templates[e.desc.checksum_key].offset / 8,
			);
		}
		if (e.base === PROTO_BASE_NETWORK_HDR && e.desc.pseudohdr.includes(e.tmpl.token))
			nla_put_u32(d, NFTA_PAYLOAD_CSUM_FLAGS, NFT_PAYLOAD_L4CSUM_PSEUDOHDR);
		this.add('payload', d, e.location);
	}

	gen_objref(s: objref_stmt): void {
		const d: nlattrs = new Map();
		if (s.expr.etype === EXPR_MAP) {
			const set = set_of(s.expr.right);
			nla_put_u32(d, NFTA_OBJREF_SET_SREG, this.source(s.expr.left));
			nla_put_string(d, NFTA_OBJREF_SET_NAME, set.handle.set_name);
			nla_put_u32(d, NFTA_OBJREF_SET_ID, set.handle.set_id);
		} else {
			nla_put_u32(d, NFTA_OBJREF_IMM_TYPE, s.obj_type);
			nla_put_string(d, NFTA_OBJREF_IMM_NAME, expr_to_string(s.expr));
		}
		this.add('objref', d, s.expr.location);
	}

	gen_log(s: log_stmt): void {
		const d: nlattrs = new Map();
		if (s.has & STMT_LOG_PREFIX)
			nla_put_string(d, NFTA_LOG_PREFIX, expr_to_string(s.prefix));
		if (s.has & STMT_LOG_GROUP) {
			nla_put_u16(d, NFTA_LOG_GROUP, s.group);
			if (s.has & STMT_LOG_SNAPLEN) nla_put_u32(d, NFTA_LOG_SNAPLEN, s.snaplen);
			if (s.has & STMT_LOG_QTHRESHOLD)
				nla_put_u16(d, NFTA_LOG_QTHRESHOLD, s.qthreshold);
		} else {
			if (s.has & STMT_LOG_LEVEL) nla_put_u32(d, NFTA_LOG_LEVEL, s.level);
			if (s.logflags) nla_put_u32(d, NFTA_LOG_FLAGS, s.logflags);
		}
		this.add('log', d, s.location);
	}

	gen_nat(s: nat_stmt): void {
		const d: nlattrs = new Map();
		const is_nat = s.nat_type === NFT_NAT_SNAT || s.nat_type === NFT_NAT_DNAT;
		const masq = s.nat_type === NFT_NAT_MASQ;
		const flags_attr = is_nat
			? NFTA_NAT_FLAGS
			: masq
				? NFTA_MASQ_FLAGS
				: NFTA_REDIR_FLAGS;
		const pmin_attr = is_nat
			? NFTA_NAT_REG_PROTO_MIN
			: masq
				? NFTA_MASQ_REG_PROTO_MIN
				: NFTA_REDIR_REG_PROTO_MIN;
		const pmax_attr = is_nat
			? NFTA_NAT_REG_PROTO_MAX
			: masq
				? NFTA_MASQ_REG_PROTO_MAX
				: NFTA_REDIR_REG_PROTO_MAX;
		let registers = 0;
		const get = (): number => {
			registers++;
			return this.get_register(null);
		};
		const put = (attr: number, reg: number): void => {
			this.put_register(d, attr, reg);
		};
		if (is_nat) {
			nla_put_u32(d, NFTA_NAT_TYPE, s.nat_type);
			nla_put_u32(d, NFTA_NAT_FAMILY, s.family);
		}
		if (s.nat_flags !== 0) nla_put_u32(d, flags_attr, s.nat_flags);
		const addr = s.addr;
		if (addr !== null) {
			const space = netlink_register_space(nat_addrlen(s.family));
			let amin = get();
			if (addr.etype === EXPR_RANGE) {
				const amax = get();
				this.gen_expr(addr.left, amin);
				this.gen_expr(addr.right, amax);
				put(NFTA_NAT_REG_ADDR_MIN, amin);
				put(NFTA_NAT_REG_ADDR_MAX, amax);
			} else {
				this.gen_expr(addr, amin);
				put(NFTA_NAT_REG_ADDR_MIN, amin);
				if (
					addr.etype === EXPR_MAP &&
					set_of(addr.right).data.flags & EXPR_F_INTERVAL
				) {
					amin += space;
					put(
						s.type_flags & STMT_NAT_F_CONCAT
							? pmin_attr
							: NFTA_NAT_REG_ADDR_MAX,
						amin,
					);
				}
			}
			if (s.type_flags & STMT_NAT_F_CONCAT) {
				// address and port lie behind each other
				let pmin = amin;
				if (s.type_flags & STMT_NAT_F_INTERVAL) {
					pmin += space;
					put(NFTA_NAT_REG_ADDR_MAX, pmin);
				}
				pmin += space;
				put(
					s.type_flags & STMT_NAT_F_INTERVAL ? pmax_attr : pmin_attr,
					pmin,
				);
			}
		}
		if (s.proto !== null) {
			const pmin = get();
			if (s.proto.etype === EXPR_RANGE) {
				const pmax = get();
				this.gen_expr(s.proto.left, pmin);
				this.gen_expr(s.proto.right, pmax);
				put(pmin_attr, pmin);
				put(pmax_attr, pmax);
			} else {
				this.gen_expr(s.proto, pmin);
				put(pmin_attr, pmin);
			}
		}
		while (registers-- > 0) this.release_register(null);
		this.add(is_nat ? 'nat' : masq ? 'masq' : 'redir', d, s.location);
	}

	gen_dynset(s: set_stmt): void {
		const set = set_of(s.set);
		const d: nlattrs = new Map();
		if (s.data === expr.nil)
			this.put_register(d, NFTA_DYNSET_SREG_KEY, this.source(s.key.key));
		else {
			const key = this.get_register(s.key);
			this.gen_expr(s.key, key);
			const data = this.get_register(s.data);
			this.gen_expr(s.data, data);
			this.release_register(s.key);
			this.release_register(s.data);
			this.put_register(d, NFTA_DYNSET_SREG_KEY, key);
			this.put_register(d, NFTA_DYNSET_SREG_DATA, data);
		}
		nla_put_string(d, NFTA_DYNSET_SET_NAME, set.handle.set_name);
		nla_put_u32(d, NFTA_DYNSET_SET_ID, set.handle.set_id);
		nla_put_u32(d, NFTA_DYNSET_OP, s.op);
		if (s.key.timeout > 0) nla_put_u64_64bit(d, NFTA_DYNSET_TIMEOUT, s.key.timeout);
		if (s.stmt_list.length === 1)
			d.set(NFTA_DYNSET_EXPR, gen_stmt_stateful(s.stmt_list[0]));
		else if (s.stmt_list.length > 1)
			nla_put_u32(d, NFTA_DYNSET_FLAGS, NFT_DYNSET_F_EXPR);
		this.add('dynset', d, s.location);
	}
}

/** A rule as kernel expressions, each with the place that it comes from. */
export function nft_linearize(rule: nft_rule): { exprs: nlattrs[]; locs: location[] } {
	const ctx = new linearize_ctx();
	for (const s of rule.stmts) ctx.gen_stmt(s);
	return { exprs: ctx.exprs, locs: ctx.locs };
}
