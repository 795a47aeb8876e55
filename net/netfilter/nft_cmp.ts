// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_cmp.c, base v5.10.
 *
 * Expression cmp: compares a register with a value.
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
	nft_reg_cmp,
} from '../../include/net/netfilter/nf_tables.ts';
import {
	nft_cmp_fast_expr,
	nft_cmp_fast_mask,
} from '../../include/net/netfilter/nf_tables_core.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_get_u32, nla_parse_nested, nla_put_u32 } from '../../include/net/netlink.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import {
	NFTA_CMP_DATA,
	NFTA_CMP_MAX,
	NFTA_CMP_OP,
	NFTA_CMP_SREG,
	NFT_BREAK,
	NFT_CMP_EQ,
	NFT_CMP_GT,
	NFT_CMP_GTE,
	NFT_CMP_LT,
	NFT_CMP_LTE,
	NFT_CMP_NEQ,
	NFT_DATA_VALUE,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	nft_data_dump,
	nft_data_init,
	nft_dump_register,
	nft_parse_register,
	nft_validate_register_load,
} from './nf_tables_api.ts';

/** cmp */
class nft_cmp_expr {
	readonly data = new nft_data();
	sreg = 0;
	/** bytes */
	len = 0;
	/** NFT_CMP_* */
	op = 0;
}

/**
 * Compares byte by byte; no match ends the rule.
 * @kernel net/netfilter/nft_cmp.c:26 (v5.10)
 */
export function nft_cmp_eval(expr: nft_expr, regs: nft_regs): void {
	const priv = nft_expr_priv<nft_cmp_expr>(expr);
	const d = nft_reg_cmp(regs, priv.sreg, priv.data, priv.len);
	let match = true;

	switch (priv.op) {
		case NFT_CMP_EQ:
			match = d === 0;
			break;
		case NFT_CMP_NEQ:
			match = d !== 0;
			break;
		case NFT_CMP_LT:
			match = d < 0;
			break;
		case NFT_CMP_LTE:
			match = d <= 0;
			break;
		case NFT_CMP_GT:
			match = d > 0;
			break;
		case NFT_CMP_GTE:
			match = d >= 0;
			break;
	}
	if (!match) regs.verdict.code = NFT_BREAK;
}

const nft_cmp_policy: nla_policy = {
	[NFTA_CMP_SREG]: { type: NLA_U32 },
	[NFTA_CMP_OP]: { type: NLA_U32 },
	[NFTA_CMP_DATA]: { type: NLA_NESTED },
};

/**
 * Sets a comparison up.
 * @returns 0, -EINVAL, -EOVERFLOW, -ERANGE
 * @kernel net/netfilter/nft_cmp.c:72 (v5.10)
 */
function nft_cmp_init(_ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_cmp_expr>(expr);
	const desc = new nft_data_desc();

	let err = nft_data_init(
		null,
		priv.data,
		NFT_DATA_SIZE,
		desc,
		nla_parse_nested(tb, NFTA_CMP_DATA),
	);
	if (err < 0) return err;

	priv.sreg = nft_parse_register(tb, NFTA_CMP_SREG);
	err = nft_validate_register_load(priv.sreg, desc.len);
	if (err < 0) return err;

	priv.op = nla_get_u32(tb, NFTA_CMP_OP)!;
	priv.len = desc.len;
	return 0;
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_cmp.c:100 (v5.10)
 */
function nft_cmp_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_cmp_expr>(expr);

	nft_dump_register(tb, NFTA_CMP_SREG, priv.sreg);
	nla_put_u32(tb, NFTA_CMP_OP, priv.op);
	return nft_data_dump(tb, NFTA_CMP_DATA, priv.data, NFT_DATA_VALUE, priv.len);
}

const nft_cmp_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_cmp_type;
	},
	size: NFT_EXPR_SIZE(24),
	priv: () => new nft_cmp_expr(),
	eval: nft_cmp_eval,
	init: nft_cmp_init,
	dump: nft_cmp_dump,
};

/**
 * Compares up to four bytes; no match ends the rule.
 * @kernel net/netfilter/nf_tables_core.c:60 (v5.10)
 */
function nft_cmp_fast_eval(expr: nft_expr, regs: nft_regs): void {
	const priv = nft_expr_priv<nft_cmp_fast_expr>(expr);

	if (((regs.data[priv.sreg] & priv.mask) >>> 0 === priv.data) === priv.inv)
		regs.verdict.code = NFT_BREAK;
}

/**
 * Sets a comparison of up to four bytes up.
 * @returns 0, -EINVAL, -ERANGE
 * @kernel net/netfilter/nft_cmp.c:163 (v5.10)
 */
function nft_cmp_fast_init(_ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_cmp_fast_expr>(expr);
	const data = new nft_data();
	const desc = new nft_data_desc();

	let err = nft_data_init(
		null,
		data,
		NFT_DATA_SIZE,
		desc,
		nla_parse_nested(tb, NFTA_CMP_DATA),
	);
	if (err < 0) return err;

	priv.sreg = nft_parse_register(tb, NFTA_CMP_SREG);
	err = nft_validate_register_load(priv.sreg, desc.len);
	if (err < 0) return err;

	desc.len *= 8;

	priv.mask = nft_cmp_fast_mask(desc.len);
	priv.data = (data.data[0] & priv.mask) >>> 0;
	priv.len = desc.len;
	priv.inv = nla_get_u32(tb, NFTA_CMP_OP) !== NFT_CMP_EQ;
	return 0;
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_cmp.c:210 (v5.10)
 */
function nft_cmp_fast_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_cmp_fast_expr>(expr);
	const data = new nft_data();

	nft_dump_register(tb, NFTA_CMP_SREG, priv.sreg);
	nla_put_u32(tb, NFTA_CMP_OP, priv.inv ? NFT_CMP_NEQ : NFT_CMP_EQ);

	data.data[0] = priv.data;
	return nft_data_dump(tb, NFTA_CMP_DATA, data, NFT_DATA_VALUE, priv.len / 8);
}

/** PORT: eval is inlined in nft_do_chain(), as in C; it stands here too for it cannot be null. */
export const nft_cmp_fast_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_cmp_type;
	},
	size: NFT_EXPR_SIZE(12),
	priv: () => new nft_cmp_fast_expr(),
	eval: nft_cmp_fast_eval,
	init: nft_cmp_fast_init,
	dump: nft_cmp_fast_dump,
};

/**
 * Picks the fast operations for up to four bytes, equal or not.
 * @returns operations, -EINVAL, -EOVERFLOW
 * @kernel net/netfilter/nft_cmp.c:241 (v5.10)
 */
function nft_cmp_select_ops(_ctx: nft_ctx, tb: nlattrs): nft_expr_ops | number {
	const data = new nft_data();
	const desc = new nft_data_desc();

	if (!tb.has(NFTA_CMP_SREG) || !tb.has(NFTA_CMP_OP) || !tb.has(NFTA_CMP_DATA))
		return -EINVAL;

	const op = nla_get_u32(tb, NFTA_CMP_OP)!;
	switch (op) {
		case NFT_CMP_EQ:
		case NFT_CMP_NEQ:
		case NFT_CMP_LT:
		case NFT_CMP_LTE:
		case NFT_CMP_GT:
		case NFT_CMP_GTE:
			break;
		default:
			return -EINVAL;
	}

	const err = nft_data_init(
		null,
		data,
		NFT_DATA_SIZE,
		desc,
		nla_parse_nested(tb, NFTA_CMP_DATA),
	);
	if (err < 0) return err;

	if (desc.len <= 4 && (op === NFT_CMP_EQ || op === NFT_CMP_NEQ)) return nft_cmp_fast_ops;

	return nft_cmp_ops;
}

export const nft_cmp_type: nft_expr_type = {
	name: 'cmp',
	select_ops: nft_cmp_select_ops,
	policy: nft_cmp_policy,
	maxattr: NFTA_CMP_MAX,
};
