// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_numgen.c, base v5.10.
 *
 * Expression numgen: numbers one after the other, or random ones.
 */
import type { Machine } from '../../include/linux/machine.ts';
import { prandom_u32_max } from '../../include/linux/machine.ts';
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_U32 } from '../../include/linux/netfilter/nfnetlink.ts';
import type {
	nft_expr_ops,
	nft_expr_type,
	nft_ctx,
	nft_expr,
	nft_pktinfo,
	nft_regs,
} from '../../include/net/netfilter/nf_tables.ts';
import { NFT_EXPR_SIZE, nft_expr_priv } from '../../include/net/netfilter/nf_tables.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_get_u32, nla_put_u32 } from '../../include/net/netlink.ts';
import { EINVAL, EOVERFLOW, ERANGE } from '../../include/uapi/linux/errno.ts';
import {
	NFTA_NG_DREG,
	NFTA_NG_MAX,
	NFTA_NG_MODULUS,
	NFTA_NG_OFFSET,
	NFTA_NG_TYPE,
	NFT_DATA_VALUE,
	NFT_NG_INCREMENTAL,
	NFT_NG_RANDOM,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	nft_dump_register,
	nft_parse_register,
	nft_register_expr,
	nft_validate_register_store,
} from './nf_tables_api.ts';

/** numgen inc */
class nft_ng_inc {
	dreg = 0;
	modulus = 0;
	counter = 0;
	offset = 0;
}

/**
 * Next number.
 * @kernel net/netfilter/nft_numgen.c:25 (v5.10)
 */
function nft_ng_inc_gen(priv: nft_ng_inc): number {
	const oval = priv.counter;
	const nval = oval + 1 < priv.modulus ? oval + 1 : 0;
	priv.counter = nval;
	return nval + priv.offset;
}

/**
 * Stores the next number.
 * @kernel net/netfilter/nft_numgen.c:37 (v5.10)
 */
function nft_ng_inc_eval(expr: nft_expr, regs: nft_regs): void {
	const priv = nft_expr_priv<nft_ng_inc>(expr);

	regs.data[priv.dreg] = nft_ng_inc_gen(priv);
}

const nft_ng_policy: nla_policy = {
	[NFTA_NG_DREG]: { type: NLA_U32 },
	[NFTA_NG_MODULUS]: { type: NLA_U32 },
	[NFTA_NG_TYPE]: { type: NLA_U32 },
	[NFTA_NG_OFFSET]: { type: NLA_U32 },
};

/**
 * Sets counting up.
 * @returns 0, -ERANGE, -EOVERFLOW, -EINVAL
 * @kernel net/netfilter/nft_numgen.c:53 (v5.10)
 */
function nft_ng_inc_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_ng_inc>(expr);

	priv.offset = nla_get_u32(tb, NFTA_NG_OFFSET) ?? 0;

	priv.modulus = nla_get_u32(tb, NFTA_NG_MODULUS)!;
	if (priv.modulus === 0) return -ERANGE;

	if ((priv.offset + priv.modulus - 1) >>> 0 < priv.offset) return -EOVERFLOW;

	priv.dreg = nft_parse_register(tb, NFTA_NG_DREG);
	priv.counter = priv.modulus - 1;

	return nft_validate_register_store(ctx, priv.dreg, null, NFT_DATA_VALUE, 4);
}

/**
 * Adds the parameters.
 * @param type NFT_NG_*
 * @kernel net/netfilter/nft_numgen.c:76 (v5.10)
 */
function nft_ng_dump(
	tb: nlattrs,
	dreg: number,
	modulus: number,
	type: number,
	offset: number,
): number {
	nft_dump_register(tb, NFTA_NG_DREG, dreg);
	nla_put_u32(tb, NFTA_NG_MODULUS, modulus);
	nla_put_u32(tb, NFTA_NG_TYPE, type);
	nla_put_u32(tb, NFTA_NG_OFFSET, offset);
	return 0;
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_numgen.c:94 (v5.10)
 */
function nft_ng_inc_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_ng_inc>(expr);

	return nft_ng_dump(tb, priv.dreg, priv.modulus, NFT_NG_INCREMENTAL, priv.offset);
}

/** numgen random */
class nft_ng_random {
	dreg = 0;
	modulus = 0;
	offset = 0;
}

/**
 * A random number.
 * @kernel net/netfilter/nft_numgen.c:108 (v5.10)
 */
function nft_ng_random_gen(m: Machine, priv: nft_ng_random): number {
	return prandom_u32_max(m, priv.modulus) + priv.offset;
}

/**
 * Stores a random number.
 * @kernel net/netfilter/nft_numgen.c:116 (v5.10)
 */
function nft_ng_random_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_ng_random>(expr);

	regs.data[priv.dreg] = nft_ng_random_gen(pkt.skb.machine, priv);
}

/**
 * Sets random numbers up.
 * @returns 0, -ERANGE, -EOVERFLOW, -EINVAL
 * @kernel net/netfilter/nft_numgen.c:125 (v5.10)
 */
function nft_ng_random_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_ng_random>(expr);

	priv.offset = nla_get_u32(tb, NFTA_NG_OFFSET) ?? 0;

	priv.modulus = nla_get_u32(tb, NFTA_NG_MODULUS)!;
	if (priv.modulus === 0) return -ERANGE;

	if ((priv.offset + priv.modulus - 1) >>> 0 < priv.offset) return -EOVERFLOW;

	priv.dreg = nft_parse_register(tb, NFTA_NG_DREG);

	return nft_validate_register_store(ctx, priv.dreg, null, NFT_DATA_VALUE, 4);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_numgen.c:149 (v5.10)
 */
function nft_ng_random_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_ng_random>(expr);

	return nft_ng_dump(tb, priv.dreg, priv.modulus, NFT_NG_RANDOM, priv.offset);
}

const nft_ng_inc_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_ng_type;
	},
	size: NFT_EXPR_SIZE(16),
	priv: () => new nft_ng_inc(),
	eval: nft_ng_inc_eval,
	init: nft_ng_inc_init,
	dump: nft_ng_inc_dump,
};

const nft_ng_random_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_ng_type;
	},
	size: NFT_EXPR_SIZE(12),
	priv: () => new nft_ng_random(),
	eval: nft_ng_random_eval,
	init: nft_ng_random_init,
	dump: nft_ng_random_dump,
};

/**
 * Picks counting or random numbers.
 * @returns operations, -EINVAL
 * @kernel net/netfilter/nft_numgen.c:175 (v5.10)
 */
function nft_ng_select_ops(_ctx: nft_ctx, tb: nlattrs): nft_expr_ops | number {
	if (!tb.has(NFTA_NG_DREG) || !tb.has(NFTA_NG_MODULUS) || !tb.has(NFTA_NG_TYPE))
		return -EINVAL;

	switch (nla_get_u32(tb, NFTA_NG_TYPE)) {
		case NFT_NG_INCREMENTAL:
			return nft_ng_inc_ops;
		case NFT_NG_RANDOM:
			return nft_ng_random_ops;
	}
	return -EINVAL;
}

const nft_ng_type: nft_expr_type = {
	name: 'numgen',
	select_ops: nft_ng_select_ops,
	policy: nft_ng_policy,
	maxattr: NFTA_NG_MAX,
};

/**
 * Registers the expression.
 * @returns 0
 * @kernel net/netfilter/nft_numgen.c:204 (v5.10)
 */
export function nft_ng_module_init(m: Machine): number {
	return nft_register_expr(m, nft_ng_type);
}
