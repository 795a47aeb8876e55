// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_range.c, base v5.10.
 *
 * Expression range: tests whether a register lies between two values.
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
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_parse_nested, nla_put_u32 } from '../../include/net/netlink.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import {
	NFTA_RANGE_FROM_DATA,
	NFTA_RANGE_MAX,
	NFTA_RANGE_OP,
	NFTA_RANGE_SREG,
	NFTA_RANGE_TO_DATA,
	NFT_BREAK,
	NFT_DATA_VALUE,
	NFT_RANGE_EQ,
	NFT_RANGE_NEQ,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	nft_data_dump,
	nft_data_init,
	nft_dump_register,
	nft_parse_register,
	nft_parse_u32_check,
	nft_validate_register_load,
} from './nf_tables_api.ts';

/** range */
class nft_range_expr {
	readonly data_from = new nft_data();
	readonly data_to = new nft_data();
	sreg = 0;
	/** bytes */
	len = 0;
	/** NFT_RANGE_* */
	op = 0;
}

/**
 * Compares byte by byte with both ends; no match ends the rule.
 * @kernel net/netfilter/nft_range.c:23 (v5.10)
 */
export function nft_range_eval(expr: nft_expr, regs: nft_regs): void {
	const priv = nft_expr_priv<nft_range_expr>(expr);
	const d1 = nft_reg_cmp(regs, priv.sreg, priv.data_from, priv.len);
	const d2 = nft_reg_cmp(regs, priv.sreg, priv.data_to, priv.len);

	switch (priv.op) {
		case NFT_RANGE_EQ:
			if (d1 < 0 || d2 > 0) regs.verdict.code = NFT_BREAK;
			break;
		case NFT_RANGE_NEQ:
			if (d1 >= 0 && d2 <= 0) regs.verdict.code = NFT_BREAK;
			break;
	}
}

const nft_range_policy: nla_policy = {
	[NFTA_RANGE_SREG]: { type: NLA_U32 },
	[NFTA_RANGE_OP]: { type: NLA_U32 },
	[NFTA_RANGE_FROM_DATA]: { type: NLA_NESTED },
	[NFTA_RANGE_TO_DATA]: { type: NLA_NESTED },
};

/**
 * Sets a range up.
 * @returns 0, -EINVAL, -EOVERFLOW, -ERANGE
 * @kernel net/netfilter/nft_range.c:50 (v5.10)
 */
function nft_range_init(_ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_range_expr>(expr);
	const desc_from = new nft_data_desc();
	const desc_to = new nft_data_desc();

	if (
		!tb.has(NFTA_RANGE_SREG) ||
		!tb.has(NFTA_RANGE_OP) ||
		!tb.has(NFTA_RANGE_FROM_DATA) ||
		!tb.has(NFTA_RANGE_TO_DATA)
	)
		return -EINVAL;

	let err = nft_data_init(
		null,
		priv.data_from,
		NFT_DATA_SIZE,
		desc_from,
		nla_parse_nested(tb, NFTA_RANGE_FROM_DATA),
	);
	if (err < 0) return err;

	err = nft_data_init(
		null,
		priv.data_to,
		NFT_DATA_SIZE,
		desc_to,
		nla_parse_nested(tb, NFTA_RANGE_TO_DATA),
	);
	if (err < 0) return err;

	if (desc_from.len !== desc_to.len) return -EINVAL;

	priv.sreg = nft_parse_register(tb, NFTA_RANGE_SREG);
	err = nft_validate_register_load(priv.sreg, desc_from.len);
	if (err < 0) return err;

	const op = nft_parse_u32_check(tb, NFTA_RANGE_OP, 255);
	if (op < 0) return op;

	switch (op) {
		case NFT_RANGE_EQ:
		case NFT_RANGE_NEQ:
			break;
		default:
			return -EINVAL;
	}

	priv.op = op;
	priv.len = desc_from.len;
	return 0;
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_range.c:117 (v5.10)
 */
function nft_range_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_range_expr>(expr);

	nft_dump_register(tb, NFTA_RANGE_SREG, priv.sreg);
	nla_put_u32(tb, NFTA_RANGE_OP, priv.op);

	nft_data_dump(tb, NFTA_RANGE_FROM_DATA, priv.data_from, NFT_DATA_VALUE, priv.len);
	return nft_data_dump(tb, NFTA_RANGE_TO_DATA, priv.data_to, NFT_DATA_VALUE, priv.len);
}

const nft_range_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_range_type;
	},
	size: NFT_EXPR_SIZE(40),
	priv: () => new nft_range_expr(),
	eval: nft_range_eval,
	init: nft_range_init,
	dump: nft_range_dump,
};

export const nft_range_type: nft_expr_type = {
	name: 'range',
	ops: nft_range_ops,
	policy: nft_range_policy,
	maxattr: NFTA_RANGE_MAX,
};
