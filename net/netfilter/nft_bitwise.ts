// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_bitwise.c, base v5.10.
 *
 * Expression bitwise: mask and xor, shifts.
 * Not ported: hardware offload.
 */
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_NESTED, NLA_U32 } from '../../include/linux/netfilter/nfnetlink.ts';
import type {
	nft_expr_ops,
	nft_expr_type,
	nft_ctx,
	nft_expr,
	nft_regs,
} from '../../include/net/netfilter/nf_tables.ts';
import {
	NFT_DATA_SIZE,
	NFT_EXPR_SIZE,
	nft_data,
	nft_data_desc,
	nft_expr_priv,
} from '../../include/net/netfilter/nf_tables.ts';
import { nft_bitwise_fast_expr } from '../../include/net/netfilter/nf_tables_core.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_get_u32, nla_parse_nested, nla_put_u32 } from '../../include/net/netlink.ts';
import { EINVAL, EOPNOTSUPP } from '../../include/uapi/linux/errno.ts';
import {
	NFTA_BITWISE_DATA,
	NFTA_BITWISE_DREG,
	NFTA_BITWISE_LEN,
	NFTA_BITWISE_MASK,
	NFTA_BITWISE_MAX,
	NFTA_BITWISE_OP,
	NFTA_BITWISE_SREG,
	NFTA_BITWISE_XOR,
	NFT_BITWISE_BOOL,
	NFT_BITWISE_LSHIFT,
	NFT_BITWISE_RSHIFT,
	NFT_DATA_VALUE,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	nft_data_dump,
	nft_data_init,
	nft_dump_register,
	nft_parse_register,
	nft_parse_u32_check,
	nft_validate_register_load,
	nft_validate_register_store,
} from './nf_tables_api.ts';

/** bitwise */
class nft_bitwise {
	sreg = 0;
	dreg = 0;
	/** NFT_BITWISE_* */
	op = 0;
	/** bytes */
	len = 0;
	readonly mask = new nft_data();
	readonly xor = new nft_data();
	readonly data = new nft_data();
}

/**
 * Masks and flips.
 * @kernel net/netfilter/nft_bitwise.c:28 (v5.10)
 */
function nft_bitwise_eval_bool(regs: nft_regs, priv: nft_bitwise): void {
	const d = regs.data;
	const words = (priv.len + 3) >> 2;

	for (let i = 0; i < words; i++)
		d[priv.dreg + i] = (d[priv.sreg + i] & priv.mask.data[i]) ^ priv.xor.data[i];
}

/**
 * Shifts left, from the last word to the first.
 * @kernel net/netfilter/nft_bitwise.c:37 (v5.10)
 */
function nft_bitwise_eval_lshift(regs: nft_regs, priv: nft_bitwise): void {
	const d = regs.data;
	const shift = priv.data.data[0];
	let carry = 0;

	for (let i = (priv.len + 3) >> 2; i > 0; i--) {
		const src = d[priv.sreg + i - 1];
		d[priv.dreg + i - 1] = (src << shift) | carry;
		/* PORT: x86 shifts by 32 as by 0, and so does >>> */
		carry = src >>> (32 - shift);
	}
}

/**
 * Shifts right, from the first word to the last.
 * @kernel net/netfilter/nft_bitwise.c:50 (v5.10)
 */
function nft_bitwise_eval_rshift(regs: nft_regs, priv: nft_bitwise): void {
	const d = regs.data;
	const shift = priv.data.data[0];
	const words = (priv.len + 3) >> 2;
	let carry = 0;

	for (let i = 0; i < words; i++) {
		const src = d[priv.sreg + i];
		d[priv.dreg + i] = carry | (src >>> shift);
		carry = src << (32 - shift);
	}
}

/**
 * Works on the bits of a register.
 * @kernel net/netfilter/nft_bitwise.c:63 (v5.10)
 */
export function nft_bitwise_eval(expr: nft_expr, regs: nft_regs): void {
	const priv = nft_expr_priv<nft_bitwise>(expr);

	switch (priv.op) {
		case NFT_BITWISE_BOOL:
			nft_bitwise_eval_bool(regs, priv);
			break;
		case NFT_BITWISE_LSHIFT:
			nft_bitwise_eval_lshift(regs, priv);
			break;
		case NFT_BITWISE_RSHIFT:
			nft_bitwise_eval_rshift(regs, priv);
			break;
	}
}

const nft_bitwise_policy: nla_policy = {
	[NFTA_BITWISE_SREG]: { type: NLA_U32 },
	[NFTA_BITWISE_DREG]: { type: NLA_U32 },
	[NFTA_BITWISE_LEN]: { type: NLA_U32 },
	[NFTA_BITWISE_MASK]: { type: NLA_NESTED },
	[NFTA_BITWISE_XOR]: { type: NLA_NESTED },
	[NFTA_BITWISE_OP]: { type: NLA_U32 },
	[NFTA_BITWISE_DATA]: { type: NLA_NESTED },
};

/**
 * Reads mask and xor.
 * @returns 0, -EINVAL, -EOVERFLOW
 * @kernel net/netfilter/nft_bitwise.c:93 (v5.10)
 */
function nft_bitwise_init_bool(priv: nft_bitwise, tb: nlattrs): number {
	const mask = new nft_data_desc();
	const xor = new nft_data_desc();

	if (tb.has(NFTA_BITWISE_DATA)) return -EINVAL;

	if (!tb.has(NFTA_BITWISE_MASK) || !tb.has(NFTA_BITWISE_XOR)) return -EINVAL;

	let err = nft_data_init(
		null,
		priv.mask,
		NFT_DATA_SIZE,
		mask,
		nla_parse_nested(tb, NFTA_BITWISE_MASK),
	);
	if (err < 0) return err;
	if (mask.len !== priv.len) return -EINVAL;

	err = nft_data_init(
		null,
		priv.xor,
		NFT_DATA_SIZE,
		xor,
		nla_parse_nested(tb, NFTA_BITWISE_XOR),
	);
	if (err < 0) return err;
	if (xor.len !== priv.len) return -EINVAL;
	return 0;
}

/**
 * Reads the distance of a shift.
 * @returns 0, -EINVAL, -EOVERFLOW
 * @kernel net/netfilter/nft_bitwise.c:132 (v5.10)
 */
function nft_bitwise_init_shift(priv: nft_bitwise, tb: nlattrs): number {
	const d = new nft_data_desc();

	if (tb.has(NFTA_BITWISE_MASK) || tb.has(NFTA_BITWISE_XOR)) return -EINVAL;

	if (!tb.has(NFTA_BITWISE_DATA)) return -EINVAL;

	const err = nft_data_init(
		null,
		priv.data,
		NFT_DATA_SIZE,
		d,
		nla_parse_nested(tb, NFTA_BITWISE_DATA),
	);
	if (err < 0) return err;
	if (d.len !== 4 || priv.data.data[0] >= 32) return -EINVAL;
	return 0;
}

/**
 * Sets an operation on any number of bytes up.
 * @returns 0, -EINVAL, -ERANGE, -EOVERFLOW, -EOPNOTSUPP
 * @kernel net/netfilter/nft_bitwise.c:158 (v5.10)
 */
function nft_bitwise_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_bitwise>(expr);

	const len = nft_parse_u32_check(tb, NFTA_BITWISE_LEN, 255);
	if (len < 0) return len;

	priv.len = len;

	priv.sreg = nft_parse_register(tb, NFTA_BITWISE_SREG);
	let err = nft_validate_register_load(priv.sreg, priv.len);
	if (err < 0) return err;

	priv.dreg = nft_parse_register(tb, NFTA_BITWISE_DREG);
	err = nft_validate_register_store(ctx, priv.dreg, null, NFT_DATA_VALUE, priv.len);
	if (err < 0) return err;

	priv.op = nla_get_u32(tb, NFTA_BITWISE_OP) ?? NFT_BITWISE_BOOL;

	switch (priv.op) {
		case NFT_BITWISE_BOOL:
			return nft_bitwise_init_bool(priv, tb);
		case NFT_BITWISE_LSHIFT:
		case NFT_BITWISE_RSHIFT:
			return nft_bitwise_init_shift(priv, tb);
		default:
			return -EOPNOTSUPP;
	}
}

/**
 * Adds mask and xor.
 * @kernel net/netfilter/nft_bitwise.c:210 (v5.10)
 */
function nft_bitwise_dump_bool(tb: nlattrs, priv: nft_bitwise): number {
	nft_data_dump(tb, NFTA_BITWISE_MASK, priv.mask, NFT_DATA_VALUE, priv.len);
	return nft_data_dump(tb, NFTA_BITWISE_XOR, priv.xor, NFT_DATA_VALUE, priv.len);
}

/**
 * Adds the distance of a shift.
 * @kernel net/netfilter/nft_bitwise.c:224 (v5.10)
 */
function nft_bitwise_dump_shift(tb: nlattrs, priv: nft_bitwise): number {
	return nft_data_dump(tb, NFTA_BITWISE_DATA, priv.data, NFT_DATA_VALUE, 4);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_bitwise.c:233 (v5.10)
 */
function nft_bitwise_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_bitwise>(expr);

	nft_dump_register(tb, NFTA_BITWISE_SREG, priv.sreg);
	nft_dump_register(tb, NFTA_BITWISE_DREG, priv.dreg);
	nla_put_u32(tb, NFTA_BITWISE_LEN, priv.len);
	nla_put_u32(tb, NFTA_BITWISE_OP, priv.op);

	if (priv.op === NFT_BITWISE_BOOL) return nft_bitwise_dump_bool(tb, priv);
	return nft_bitwise_dump_shift(tb, priv);
}

const nft_bitwise_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_bitwise_type;
	},
	size: NFT_EXPR_SIZE(56),
	priv: () => new nft_bitwise(),
	eval: nft_bitwise_eval,
	init: nft_bitwise_init,
	dump: nft_bitwise_dump,
};

/**
 * Reads a word.
 * @param attr attribute of the data
 * @param out takes the word
 * @returns 0, -EINVAL, -EOVERFLOW
 * @kernel net/netfilter/nft_bitwise.c:291 (v5.10)
 */
function nft_bitwise_extract_u32_data(tb: nlattrs, attr: number, out: nft_data): number {
	const desc = new nft_data_desc();

	const err = nft_data_init(null, out, NFT_DATA_SIZE, desc, nla_parse_nested(tb, attr));
	if (err < 0) return err;

	if (desc.len !== 4) return -EINVAL;
	return 0;
}

/**
 * Sets mask and xor of one word up.
 * @returns 0, -EINVAL, -ERANGE, -EOVERFLOW
 * @kernel net/netfilter/nft_bitwise.c:311 (v5.10)
 */
function nft_bitwise_fast_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_bitwise_fast_expr>(expr);
	const out = new nft_data();

	priv.sreg = nft_parse_register(tb, NFTA_BITWISE_SREG);
	let err = nft_validate_register_load(priv.sreg, 4);
	if (err < 0) return err;

	priv.dreg = nft_parse_register(tb, NFTA_BITWISE_DREG);
	err = nft_validate_register_store(ctx, priv.dreg, null, NFT_DATA_VALUE, 4);
	if (err < 0) return err;

	if (tb.has(NFTA_BITWISE_DATA)) return -EINVAL;

	if (!tb.has(NFTA_BITWISE_MASK) || !tb.has(NFTA_BITWISE_XOR)) return -EINVAL;

	err = nft_bitwise_extract_u32_data(tb, NFTA_BITWISE_MASK, out);
	if (err < 0) return err;
	priv.mask = out.data[0];

	err = nft_bitwise_extract_u32_data(tb, NFTA_BITWISE_XOR, out);
	if (err < 0) return err;
	priv.xor = out.data[0];
	return 0;
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_bitwise.c:348 (v5.10)
 */
function nft_bitwise_fast_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_bitwise_fast_expr>(expr);
	const data = new nft_data();

	nft_dump_register(tb, NFTA_BITWISE_SREG, priv.sreg);
	nft_dump_register(tb, NFTA_BITWISE_DREG, priv.dreg);
	nla_put_u32(tb, NFTA_BITWISE_LEN, 4);
	nla_put_u32(tb, NFTA_BITWISE_OP, NFT_BITWISE_BOOL);

	data.data[0] = priv.mask;
	nft_data_dump(tb, NFTA_BITWISE_MASK, data, NFT_DATA_VALUE, 4);

	data.data[0] = priv.xor;
	return nft_data_dump(tb, NFTA_BITWISE_XOR, data, NFT_DATA_VALUE, 4);
}

/**
 * Masks and flips one word.
 * @kernel net/netfilter/nf_tables_core.c:50 (v5.10)
 */
function nft_bitwise_fast_eval(expr: nft_expr, regs: nft_regs): void {
	const priv = nft_expr_priv<nft_bitwise_fast_expr>(expr);

	regs.data[priv.dreg] = (regs.data[priv.sreg] & priv.mask) ^ priv.xor;
}

/** PORT: eval is inlined in nft_do_chain(), as in C; it stands here too for it cannot be null. */
export const nft_bitwise_fast_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_bitwise_type;
	},
	size: NFT_EXPR_SIZE(12),
	priv: () => new nft_bitwise_fast_expr(),
	eval: nft_bitwise_fast_eval,
	init: nft_bitwise_fast_init,
	dump: nft_bitwise_fast_dump,
};

/**
 * Picks the fast operations for mask and xor of one word.
 * @returns operations, -EINVAL, -ERANGE
 * @kernel net/netfilter/nft_bitwise.c:399 (v5.10)
 */
function nft_bitwise_select_ops(_ctx: nft_ctx, tb: nlattrs): nft_expr_ops | number {
	if (!tb.has(NFTA_BITWISE_LEN) || !tb.has(NFTA_BITWISE_SREG) || !tb.has(NFTA_BITWISE_DREG))
		return -EINVAL;

	const len = nft_parse_u32_check(tb, NFTA_BITWISE_LEN, 255);
	if (len < 0) return len;

	if (len !== 4) return nft_bitwise_ops;

	if (tb.has(NFTA_BITWISE_OP) && nla_get_u32(tb, NFTA_BITWISE_OP) !== NFT_BITWISE_BOOL)
		return nft_bitwise_ops;

	return nft_bitwise_fast_ops;
}

export const nft_bitwise_type: nft_expr_type = {
	name: 'bitwise',
	select_ops: nft_bitwise_select_ops,
	policy: nft_bitwise_policy,
	maxattr: NFTA_BITWISE_MAX,
};
