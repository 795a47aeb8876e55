// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_dynset.c, base v5.10.
 *
 * Expression dynset: adds, refreshes and deletes elements of a set from the packet path.
 */
import { IS_ERR } from '../../include/linux/err.ts';
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import {
	NLA_NESTED,
	NLA_STRING,
	NLA_U32,
	NLA_U64,
} from '../../include/linux/netfilter/nfnetlink.ts';
import type {
	nft_expr_ops,
	nft_expr_type,
	nft_ctx,
	nft_pktinfo,
	nft_regs,
	nft_set,
	nft_set_ext,
} from '../../include/net/netfilter/nf_tables.ts';
import {
	NFT_EXPR_SIZE,
	NFT_SET_EXT_DATA,
	NFT_SET_EXT_EXPIRATION,
	NFT_SET_EXT_EXPR,
	NFT_SET_EXT_KEY,
	NFT_SET_EXT_TIMEOUT,
	nft_data,
	nft_expr,
	nft_expr_priv,
	nft_genmask_next,
	nft_set_binding,
	nft_set_elem_update_expr,
	nft_set_ext_add,
	nft_set_ext_exists,
	nft_set_ext_prepare,
	nft_set_ext_tmpl,
} from '../../include/net/netfilter/nf_tables.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import {
	nla_get_u32,
	nla_parse_nested,
	nla_put_string,
	nla_put_u32,
	nla_put_u64_64bit,
} from '../../include/net/netlink.ts';
import { EBUSY, EINVAL, EOPNOTSUPP } from '../../include/uapi/linux/errno.ts';
import {
	NFTA_DYNSET_EXPR,
	NFTA_DYNSET_FLAGS,
	NFTA_DYNSET_MAX,
	NFTA_DYNSET_OP,
	NFTA_DYNSET_SET_ID,
	NFTA_DYNSET_SET_NAME,
	NFTA_DYNSET_SREG_DATA,
	NFTA_DYNSET_SREG_KEY,
	NFTA_DYNSET_TIMEOUT,
	NFT_BREAK,
	NFT_DATA_VERDICT,
	NFT_DYNSET_F_INV,
	NFT_DYNSET_OP_ADD,
	NFT_DYNSET_OP_DELETE,
	NFT_DYNSET_OP_UPDATE,
	NFT_REG32_SIZE,
	NFT_SET_CONSTANT,
	NFT_SET_EVAL,
	NFT_SET_MAP,
	NFT_SET_MAXNAMELEN,
	NFT_SET_TIMEOUT,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	nf_jiffies64_to_msecs,
	nf_msecs_to_jiffies64,
	nf_tables_bind_set,
	nf_tables_deactivate_set,
	nf_tables_destroy_set,
	nft_dump_register,
	nft_expr_clone,
	nft_expr_destroy,
	nft_expr_dump,
	nft_parse_register,
	nft_set_elem_destroy,
	nft_set_elem_expr_alloc,
	nft_set_elem_init,
	nft_set_lookup_global,
	nft_validate_register_load,
} from './nf_tables_api.ts';

/** dynset */
class nft_dynset {
	set: nft_set | null = null;
	readonly tmpl = new nft_set_ext_tmpl();
	/** NFT_DYNSET_OP_* */
	op = 0;
	sreg_key = 0;
	sreg_data = 0;
	invert = false;
	/** jiffies, 0: the set's */
	timeout = 0;
	expr: nft_expr | null = null;
	readonly binding = new nft_set_binding();
}

/**
 * Copies registers into a value of their own.
 * @param len bytes
 * @kernel PORT: memcpy() of nft_set_elem_init
 */
function nft_reg_data(regs: nft_regs, sreg: number, len: number): nft_data {
	const data = new nft_data((len + 3) & ~3);
	const at = sreg * NFT_REG32_SIZE;
	for (let i = 0; i < len; i++) data.data8[i] = regs.data8[at + i];
	return data;
}

/**
 * Makes an element of the registers.
 * @returns the element, null when the set is full
 * @kernel net/netfilter/nft_dynset.c:27 (v5.10)
 */
function nft_dynset_new(set: nft_set, expr: nft_expr, regs: nft_regs): nft_set_ext | null {
	const priv = nft_expr_priv<nft_dynset>(expr);

	if (set.nelems === set.size) return null;
	set.nelems++;

	const timeout = priv.timeout !== 0 ? priv.timeout : set.timeout;
	const ext = nft_set_elem_init(
		set,
		priv.tmpl,
		nft_reg_data(regs, priv.sreg_key, set.klen),
		null,
		(set.flags & NFT_SET_MAP) !== 0
			? nft_reg_data(regs, priv.sreg_data, set.dlen)
			: null,
		timeout,
		0,
	);

	if (priv.expr !== null) {
		const e = new nft_expr(priv.expr.ops);
		if (nft_expr_clone(e, priv.expr) < 0) {
			nft_set_elem_destroy(set, ext, false);
			if (set.size !== 0) set.nelems--;
			return null;
		}
		ext.expr = e;
	}
	return ext;
}

/**
 * Adds, refreshes or deletes; what is not possible ends the rule, or what is with `!=`.
 * @kernel net/netfilter/nft_dynset.c:61 (v5.10)
 */
export function nft_dynset_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_dynset>(expr);
	const set = priv.set!;

	if (priv.op === NFT_DYNSET_OP_DELETE) {
		set.ops.delete!(set, regs, priv.sreg_key);
		return;
	}

	const ext = set.ops.update!(set, regs, priv.sreg_key, nft_dynset_new, expr);
	if (ext !== null) {
		if (
			priv.op === NFT_DYNSET_OP_UPDATE &&
			nft_set_ext_exists(ext, NFT_SET_EXT_EXPIRATION)
		) {
			const timeout = priv.timeout !== 0 ? priv.timeout : set.timeout;
			ext.expiration = pkt.skb.machine.jiffies + timeout;
		}

		nft_set_elem_update_expr(ext, regs, pkt);

		if (priv.invert) regs.verdict.code = NFT_BREAK;
		return;
	}

	if (!priv.invert) regs.verdict.code = NFT_BREAK;
}

const nft_dynset_policy: nla_policy = {
	[NFTA_DYNSET_SET_NAME]: { type: NLA_STRING, len: NFT_SET_MAXNAMELEN - 1 },
	[NFTA_DYNSET_SET_ID]: { type: NLA_U32 },
	[NFTA_DYNSET_OP]: { type: NLA_U32 },
	[NFTA_DYNSET_SREG_KEY]: { type: NLA_U32 },
	[NFTA_DYNSET_SREG_DATA]: { type: NLA_U32 },
	[NFTA_DYNSET_TIMEOUT]: { type: NLA_U64 },
	[NFTA_DYNSET_EXPR]: { type: NLA_NESTED },
	[NFTA_DYNSET_FLAGS]: { type: NLA_U32 },
};

/**
 * Sets an operation up and binds the set.
 * @returns 0, -EINVAL, -ERANGE, -ENOENT (no such set), -EBUSY for a constant set, -EOPNOTSUPP for
 * what the set is not made for, or what the expression says
 * @kernel net/netfilter/nft_dynset.c:105 (v5.10)
 */
function nft_dynset_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_dynset>(expr);
	const genmask = nft_genmask_next(ctx.net);

	if (
		!tb.has(NFTA_DYNSET_SET_NAME) ||
		!tb.has(NFTA_DYNSET_OP) ||
		!tb.has(NFTA_DYNSET_SREG_KEY)
	)
		return -EINVAL;

	const flags = nla_get_u32(tb, NFTA_DYNSET_FLAGS);
	if (flags !== null) {
		if ((flags & ~NFT_DYNSET_F_INV) !== 0) return -EOPNOTSUPP;
		if ((flags & NFT_DYNSET_F_INV) !== 0) priv.invert = true;
	}

	const set = nft_set_lookup_global(
		ctx.net,
		ctx.table!,
		tb,
		NFTA_DYNSET_SET_NAME,
		NFTA_DYNSET_SET_ID,
		genmask,
	);
	if (IS_ERR(set)) return set;

	if (set.ops.update === null) return -EOPNOTSUPP;

	if ((set.flags & NFT_SET_CONSTANT) !== 0) return -EBUSY;

	priv.op = nla_get_u32(tb, NFTA_DYNSET_OP)!;
	switch (priv.op) {
		case NFT_DYNSET_OP_ADD:
		case NFT_DYNSET_OP_DELETE:
			break;
		case NFT_DYNSET_OP_UPDATE:
			if ((set.flags & NFT_SET_TIMEOUT) === 0) return -EOPNOTSUPP;
			break;
		default:
			return -EOPNOTSUPP;
	}

	let timeout = 0;
	if (tb.has(NFTA_DYNSET_TIMEOUT)) {
		if ((set.flags & NFT_SET_TIMEOUT) === 0) return -EOPNOTSUPP;

		timeout = nf_msecs_to_jiffies64(tb, NFTA_DYNSET_TIMEOUT);
		if (timeout < 0) return timeout;
	}

	priv.sreg_key = nft_parse_register(tb, NFTA_DYNSET_SREG_KEY);
	let err = nft_validate_register_load(priv.sreg_key, set.klen);
	if (err < 0) return err;

	if (tb.has(NFTA_DYNSET_SREG_DATA)) {
		if ((set.flags & NFT_SET_MAP) === 0) return -EOPNOTSUPP;
		if (set.dtype === NFT_DATA_VERDICT) return -EOPNOTSUPP;

		priv.sreg_data = nft_parse_register(tb, NFTA_DYNSET_SREG_DATA);
		err = nft_validate_register_load(priv.sreg_data, set.dlen);
		if (err < 0) return err;
	} else if ((set.flags & NFT_SET_MAP) !== 0) {
		return -EINVAL;
	}

	err_expr_free: {
		const expr_attr = nla_parse_nested(tb, NFTA_DYNSET_EXPR);
		if (expr_attr !== null) {
			if ((set.flags & NFT_SET_EVAL) === 0) return -EINVAL;

			const e = nft_set_elem_expr_alloc(ctx, set, expr_attr);
			if (IS_ERR(e)) return e;
			priv.expr = e;

			if (set.expr !== null && set.expr.ops !== priv.expr.ops) {
				err = -EOPNOTSUPP;
				break err_expr_free;
			}
		}

		nft_set_ext_prepare(priv.tmpl);
		nft_set_ext_add(priv.tmpl, NFT_SET_EXT_KEY);
		if ((set.flags & NFT_SET_MAP) !== 0) nft_set_ext_add(priv.tmpl, NFT_SET_EXT_DATA);
		if (priv.expr !== null) nft_set_ext_add(priv.tmpl, NFT_SET_EXT_EXPR);
		if ((set.flags & NFT_SET_TIMEOUT) !== 0) {
			if (timeout !== 0 || set.timeout !== 0) {
				nft_set_ext_add(priv.tmpl, NFT_SET_EXT_TIMEOUT);
				nft_set_ext_add(priv.tmpl, NFT_SET_EXT_EXPIRATION);
			}
		}

		priv.timeout = timeout;

		err = nf_tables_bind_set(ctx, set, priv.binding);
		if (err < 0) break err_expr_free;

		if (set.size === 0) set.size = 0xffff;

		priv.set = set;
		return 0;
	}
	if (priv.expr !== null) nft_expr_destroy(ctx, priv.expr);
	return err;
}

/**
 * Lets go of the set.
 * @param phase NFT_TRANS_*
 * @kernel net/netfilter/nft_dynset.c:231 (v5.10)
 */
function nft_dynset_deactivate(ctx: nft_ctx, expr: nft_expr, phase: number): void {
	const priv = nft_expr_priv<nft_dynset>(expr);

	nf_tables_deactivate_set(ctx, priv.set!, priv.binding, phase);
}

/**
 * Takes the set again.
 * @kernel net/netfilter/nft_dynset.c:240 (v5.10)
 */
function nft_dynset_activate(_ctx: nft_ctx, expr: nft_expr): void {
	nft_expr_priv<nft_dynset>(expr).set!.use++;
}

/**
 * Destroys the expression and an anonymous set.
 * @kernel net/netfilter/nft_dynset.c:248 (v5.10)
 */
function nft_dynset_destroy(ctx: nft_ctx, expr: nft_expr): void {
	const priv = nft_expr_priv<nft_dynset>(expr);

	if (priv.expr !== null) nft_expr_destroy(ctx, priv.expr);

	nf_tables_destroy_set(ctx, priv.set!);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_dynset.c:259 (v5.10)
 */
function nft_dynset_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_dynset>(expr);
	const set = priv.set!;

	nft_dump_register(tb, NFTA_DYNSET_SREG_KEY, priv.sreg_key);
	if ((set.flags & NFT_SET_MAP) !== 0)
		nft_dump_register(tb, NFTA_DYNSET_SREG_DATA, priv.sreg_data);
	nla_put_u32(tb, NFTA_DYNSET_OP, priv.op);
	nla_put_string(tb, NFTA_DYNSET_SET_NAME, set.name);
	nla_put_u64_64bit(tb, NFTA_DYNSET_TIMEOUT, nf_jiffies64_to_msecs(priv.timeout));
	if (priv.expr !== null) nft_expr_dump(tb, NFTA_DYNSET_EXPR, priv.expr);
	nla_put_u32(tb, NFTA_DYNSET_FLAGS, priv.invert ? NFT_DYNSET_F_INV : 0);
	return 0;
}

const nft_dynset_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_dynset_type;
	},
	size: NFT_EXPR_SIZE(80),
	priv: () => new nft_dynset(),
	eval: nft_dynset_eval,
	init: nft_dynset_init,
	destroy: nft_dynset_destroy,
	activate: nft_dynset_activate,
	deactivate: nft_dynset_deactivate,
	dump: nft_dynset_dump,
};

export const nft_dynset_type: nft_expr_type = {
	name: 'dynset',
	ops: nft_dynset_ops,
	policy: nft_dynset_policy,
	maxattr: NFTA_DYNSET_MAX,
};
