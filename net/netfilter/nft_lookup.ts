// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_lookup.c, base v5.10.
 *
 * Expression lookup: finds a register in a set, and what a map maps it to.
 */
import { IS_ERR } from '../../include/linux/err.ts';
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_STRING, NLA_U32 } from '../../include/linux/netfilter/nfnetlink.ts';
import type {
	nft_expr_ops,
	nft_expr_type,
	nft_set_iter,
	nft_ctx,
	nft_expr,
	nft_pktinfo,
	nft_regs,
	nft_set,
	nft_set_elem,
} from '../../include/net/netfilter/nf_tables.ts';
import {
	NFT_EXPR_SIZE,
	NFT_SET_EXT_FLAGS,
	nft_data_copy,
	nft_expr_priv,
	nft_genmask_next,
	nft_net,
	nft_set_binding,
	nft_set_elem_update_expr,
	nft_set_ext_exists,
} from '../../include/net/netfilter/nf_tables.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_get_u32, nla_put_string, nla_put_u32 } from '../../include/net/netlink.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import {
	NFTA_LOOKUP_DREG,
	NFTA_LOOKUP_FLAGS,
	NFTA_LOOKUP_MAX,
	NFTA_LOOKUP_SET,
	NFTA_LOOKUP_SET_ID,
	NFTA_LOOKUP_SREG,
	NFT_BREAK,
	NFT_DATA_VERDICT,
	NFT_GOTO,
	NFT_JUMP,
	NFT_LOOKUP_F_INV,
	NFT_SET_ELEM_INTERVAL_END,
	NFT_SET_MAP,
	NFT_SET_MAXNAMELEN,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	nf_tables_bind_set,
	nf_tables_deactivate_set,
	nf_tables_destroy_set,
	nft_chain_validate,
	nft_dump_register,
	nft_parse_register,
	nft_set_lookup_global,
	nft_validate_register_load,
	nft_validate_register_store,
} from './nf_tables_api.ts';

/** lookup */
class nft_lookup {
	set: nft_set | null = null;
	sreg = 0;
	dreg = 0;
	invert = false;
	readonly binding = new nft_set_binding();
}

/**
 * Looks the register up; nothing found ends the rule.
 * @kernel net/netfilter/nft_lookup.c:26 (v5.10)
 */
export function nft_lookup_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_lookup>(expr);
	const set = priv.set!;

	const ext = set.ops.lookup(nft_net(pkt), set, regs, priv.sreg);
	if ((ext !== null) === priv.invert) {
		regs.verdict.code = NFT_BREAK;
		return;
	}

	if (ext !== null) {
		if ((set.flags & NFT_SET_MAP) !== 0)
			nft_data_copy(regs, priv.dreg, ext.data!, set.dlen);

		nft_set_elem_update_expr(ext, regs, pkt);
	}
}

const nft_lookup_policy: nla_policy = {
	[NFTA_LOOKUP_SET]: { type: NLA_STRING, len: NFT_SET_MAXNAMELEN - 1 },
	[NFTA_LOOKUP_SET_ID]: { type: NLA_U32 },
	[NFTA_LOOKUP_SREG]: { type: NLA_U32 },
	[NFTA_LOOKUP_DREG]: { type: NLA_U32 },
	[NFTA_LOOKUP_FLAGS]: { type: NLA_U32 },
};

/**
 * Sets a lookup up and binds the set.
 * @returns 0, -EINVAL, -ERANGE, -ENOENT (no such set), -EBUSY, -ELOOP
 * @kernel net/netfilter/nft_lookup.c:60 (v5.10)
 */
function nft_lookup_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_lookup>(expr);
	const genmask = nft_genmask_next(ctx.net);

	if (!tb.has(NFTA_LOOKUP_SET) || !tb.has(NFTA_LOOKUP_SREG)) return -EINVAL;

	const set = nft_set_lookup_global(
		ctx.net,
		ctx.table!,
		tb,
		NFTA_LOOKUP_SET,
		NFTA_LOOKUP_SET_ID,
		genmask,
	);
	if (IS_ERR(set)) return set;

	priv.sreg = nft_parse_register(tb, NFTA_LOOKUP_SREG);
	let err = nft_validate_register_load(priv.sreg, set.klen);
	if (err < 0) return err;

	const flags = nla_get_u32(tb, NFTA_LOOKUP_FLAGS);
	if (flags !== null) {
		if ((flags & ~NFT_LOOKUP_F_INV) !== 0) return -EINVAL;

		if ((flags & NFT_LOOKUP_F_INV) !== 0) {
			if ((set.flags & NFT_SET_MAP) !== 0) return -EINVAL;
			priv.invert = true;
		}
	}

	if (tb.has(NFTA_LOOKUP_DREG)) {
		if (priv.invert) return -EINVAL;
		if ((set.flags & NFT_SET_MAP) === 0) return -EINVAL;

		priv.dreg = nft_parse_register(tb, NFTA_LOOKUP_DREG);
		err = nft_validate_register_store(ctx, priv.dreg, null, set.dtype, set.dlen);
		if (err < 0) return err;
	} else if ((set.flags & NFT_SET_MAP) !== 0) {
		return -EINVAL;
	}

	priv.binding.flags = set.flags & NFT_SET_MAP;

	err = nf_tables_bind_set(ctx, set, priv.binding);
	if (err < 0) return err;

	priv.set = set;
	return 0;
}

/**
 * Lets go of the set.
 * @param phase NFT_TRANS_*
 * @kernel net/netfilter/nft_lookup.c:121 (v5.10)
 */
function nft_lookup_deactivate(ctx: nft_ctx, expr: nft_expr, phase: number): void {
	const priv = nft_expr_priv<nft_lookup>(expr);

	nf_tables_deactivate_set(ctx, priv.set!, priv.binding, phase);
}

/**
 * Takes the set again.
 * @kernel net/netfilter/nft_lookup.c:130 (v5.10)
 */
function nft_lookup_activate(_ctx: nft_ctx, expr: nft_expr): void {
	nft_expr_priv<nft_lookup>(expr).set!.use++;
}

/**
 * Destroys an anonymous set.
 * @kernel net/netfilter/nft_lookup.c:138 (v5.10)
 */
function nft_lookup_destroy(ctx: nft_ctx, expr: nft_expr): void {
	nf_tables_destroy_set(ctx, nft_expr_priv<nft_lookup>(expr).set!);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_lookup.c:146 (v5.10)
 */
function nft_lookup_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_lookup>(expr);
	const set = priv.set!;

	nla_put_string(tb, NFTA_LOOKUP_SET, set.name);
	nft_dump_register(tb, NFTA_LOOKUP_SREG, priv.sreg);
	if ((set.flags & NFT_SET_MAP) !== 0) nft_dump_register(tb, NFTA_LOOKUP_DREG, priv.dreg);
	nla_put_u32(tb, NFTA_LOOKUP_FLAGS, priv.invert ? NFT_LOOKUP_F_INV : 0);
	return 0;
}

/**
 * Validates the chain that an element leads to.
 * @returns 0, or as nft_chain_validate()
 * @kernel net/netfilter/nft_lookup.c:166 (v5.10)
 */
function nft_lookup_validate_setelem(
	ctx: nft_ctx,
	_set: nft_set,
	_iter: nft_set_iter,
	elem: nft_set_elem,
): number {
	const ext = elem.priv!;

	if (
		nft_set_ext_exists(ext, NFT_SET_EXT_FLAGS) &&
		(ext.flags & NFT_SET_ELEM_INTERVAL_END) !== 0
	)
		return 0;

	const verdict = ext.data!.verdict;
	switch (verdict.code) {
		case NFT_JUMP:
		case NFT_GOTO: {
			ctx.level++;
			const err = nft_chain_validate(ctx, verdict.chain!);
			if (err < 0) return err;
			ctx.level--;
			break;
		}
		default:
			break;
	}
	return 0;
}

/**
 * Validates the chains that a verdict map leads to.
 * @returns 0, or as nft_chain_validate()
 * @kernel net/netfilter/nft_lookup.c:197 (v5.10)
 */
function nft_lookup_validate(ctx: nft_ctx, expr: nft_expr): number {
	const set = nft_expr_priv<nft_lookup>(expr).set!;

	if ((set.flags & NFT_SET_MAP) === 0 || set.dtype !== NFT_DATA_VERDICT) return 0;

	const iter: nft_set_iter = {
		genmask: nft_genmask_next(ctx.net),
		skip: 0,
		count: 0,
		err: 0,
		fn: nft_lookup_validate_setelem,
	};
	set.ops.walk(ctx, set, iter);
	if (iter.err < 0) return iter.err;
	return 0;
}

const nft_lookup_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_lookup_type;
	},
	size: NFT_EXPR_SIZE(48),
	priv: () => new nft_lookup(),
	eval: nft_lookup_eval,
	init: nft_lookup_init,
	activate: nft_lookup_activate,
	deactivate: nft_lookup_deactivate,
	destroy: nft_lookup_destroy,
	dump: nft_lookup_dump,
	validate: nft_lookup_validate,
};

export const nft_lookup_type: nft_expr_type = {
	name: 'lookup',
	ops: nft_lookup_ops,
	policy: nft_lookup_policy,
	maxattr: NFTA_LOOKUP_MAX,
};
