// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_immediate.c, base v5.10.
 *
 * Expression immediate: puts a value into a register, or a verdict.
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
	NFT_TRANS_COMMIT,
	nft_chain_is_bound,
	nft_ctx_copy,
	nft_data_copy,
	nft_data_desc,
	nft_dreg_to_type,
	nft_expr_priv,
} from '../../include/net/netfilter/nf_tables.ts';
import { nft_immediate_expr } from '../../include/net/netfilter/nf_tables_core.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_parse_nested } from '../../include/net/netlink.ts';
import { EBUSY, EINVAL } from '../../include/uapi/linux/errno.ts';
import {
	NFTA_IMMEDIATE_DATA,
	NFTA_IMMEDIATE_DREG,
	NFTA_IMMEDIATE_MAX,
	NFT_GOTO,
	NFT_JUMP,
	NFT_REG_VERDICT,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	nf_tables_chain_destroy,
	nf_tables_rule_release,
	nft_chain_validate,
	nft_data_dump,
	nft_data_hold,
	nft_data_init,
	nft_data_release,
	nft_dump_register,
	nft_parse_register,
	nft_validate_register_store,
} from './nf_tables_api.ts';

/**
 * Stores the value or verdict.
 * @kernel net/netfilter/nft_immediate.c:18 (v5.10)
 */
export function nft_immediate_eval(expr: nft_expr, regs: nft_regs): void {
	const priv = nft_expr_priv<nft_immediate_expr>(expr);

	nft_data_copy(regs, priv.dreg, priv.data, priv.dlen);
}

const nft_immediate_policy: nla_policy = {
	[NFTA_IMMEDIATE_DREG]: { type: NLA_U32 },
	[NFTA_IMMEDIATE_DATA]: { type: NLA_NESTED },
};

/**
 * Sets a value or verdict up.
 * @returns 0, -EINVAL, -EOVERFLOW, -ERANGE, -ENOENT (no such chain), -EOPNOTSUPP (a jump to a base
 * chain), -ELOOP, -EBUSY for a chain that belongs to another rule
 * @kernel net/netfilter/nft_immediate.c:32 (v5.10)
 */
function nft_immediate_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_immediate_expr>(expr);
	const desc = new nft_data_desc();

	if (!tb.has(NFTA_IMMEDIATE_DREG) || !tb.has(NFTA_IMMEDIATE_DATA)) return -EINVAL;

	let err = nft_data_init(
		ctx,
		priv.data,
		NFT_DATA_SIZE,
		desc,
		nla_parse_nested(tb, NFTA_IMMEDIATE_DATA),
	);
	if (err < 0) return err;

	priv.dlen = desc.len;

	err1: {
		priv.dreg = nft_parse_register(tb, NFTA_IMMEDIATE_DREG);
		err = nft_validate_register_store(ctx, priv.dreg, priv.data, desc.type, desc.len);
		if (err < 0) break err1;

		if (priv.dreg === NFT_REG_VERDICT) {
			switch (priv.data.verdict.code) {
				case NFT_JUMP:
				case NFT_GOTO: {
					const chain = priv.data.verdict.chain!;
					if (nft_chain_is_bound(chain)) {
						err = -EBUSY;
						break err1;
					}
					chain.bound = true;
					break;
				}
				default:
					break;
			}
		}
		return 0;
	}
	nft_data_release(ctx.net.machine, priv.data, desc.type);
	return err;
}

/**
 * Takes the reference of a jump again.
 * @kernel net/netfilter/nft_immediate.c:81 (v5.10)
 */
function nft_immediate_activate(_ctx: nft_ctx, expr: nft_expr): void {
	const priv = nft_expr_priv<nft_immediate_expr>(expr);

	nft_data_hold(priv.data, nft_dreg_to_type(priv.dreg));
}

/**
 * Drops the reference of a jump, but for the step that follows a commit.
 * @param phase NFT_TRANS_*
 * @kernel net/netfilter/nft_immediate.c:89 (v5.10)
 */
function nft_immediate_deactivate(ctx: nft_ctx, expr: nft_expr, phase: number): void {
	const priv = nft_expr_priv<nft_immediate_expr>(expr);

	if (phase === NFT_TRANS_COMMIT) return;

	nft_data_release(ctx.net.machine, priv.data, nft_dreg_to_type(priv.dreg));
}

/**
 * Destroys a chain that belongs to the rule.
 * @kernel net/netfilter/nft_immediate.c:101 (v5.10)
 */
function nft_immediate_destroy(ctx: nft_ctx, expr: nft_expr): void {
	const priv = nft_expr_priv<nft_immediate_expr>(expr);
	const verdict = priv.data.verdict;

	if (priv.dreg !== NFT_REG_VERDICT) return;

	switch (verdict.code) {
		case NFT_JUMP:
		case NFT_GOTO: {
			const chain = verdict.chain!;

			if (!nft_chain_is_bound(chain)) break;

			const chain_ctx = nft_ctx_copy(ctx);
			chain_ctx.chain = chain;

			for (const rule of chain.rules) nf_tables_rule_release(chain_ctx, rule);

			nf_tables_chain_destroy(chain_ctx);
			break;
		}
		default:
			break;
	}
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_immediate.c:134 (v5.10)
 */
function nft_immediate_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_immediate_expr>(expr);

	nft_dump_register(tb, NFTA_IMMEDIATE_DREG, priv.dreg);

	return nft_data_dump(
		tb,
		NFTA_IMMEDIATE_DATA,
		priv.data,
		nft_dreg_to_type(priv.dreg),
		priv.dlen,
	);
}

/**
 * Validates the chain that a jump leads to.
 * @returns 0, or as nft_chain_validate()
 * @kernel net/netfilter/nft_immediate.c:148 (v5.10)
 */
function nft_immediate_validate(ctx: nft_ctx, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_immediate_expr>(expr);

	if (priv.dreg !== NFT_REG_VERDICT) return 0;

	switch (priv.data.verdict.code) {
		case NFT_JUMP:
		case NFT_GOTO: {
			ctx.level++;
			const err = nft_chain_validate(ctx, priv.data.verdict.chain!);
			if (err < 0) return err;
			ctx.level--;
			break;
		}
		default:
			break;
	}
	return 0;
}

const nft_imm_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_imm_type;
	},
	size: NFT_EXPR_SIZE(24),
	priv: () => new nft_immediate_expr(),
	eval: nft_immediate_eval,
	init: nft_immediate_init,
	activate: nft_immediate_activate,
	deactivate: nft_immediate_deactivate,
	destroy: nft_immediate_destroy,
	dump: nft_immediate_dump,
	validate: nft_immediate_validate,
};

export const nft_imm_type: nft_expr_type = {
	name: 'immediate',
	ops: nft_imm_ops,
	policy: nft_immediate_policy,
	maxattr: NFTA_IMMEDIATE_MAX,
};
