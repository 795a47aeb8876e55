// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_objref.c, base v5.10.
 *
 * Expression objref: evaluates a stateful object, named or found in a map.
 */
import { IS_ERR } from '../../include/linux/err.ts';
import type { Machine } from '../../include/linux/machine.ts';
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_STRING, NLA_U32 } from '../../include/linux/netfilter/nfnetlink.ts';
import type {
	nft_expr_ops,
	nft_expr_type,
	nft_ctx,
	nft_expr,
	nft_object,
	nft_pktinfo,
	nft_regs,
	nft_set,
} from '../../include/net/netfilter/nf_tables.ts';
import {
	NFT_EXPR_SIZE,
	NFT_TRANS_COMMIT,
	nft_expr_priv,
	nft_genmask_next,
	nft_net,
	nft_set_binding,
} from '../../include/net/netfilter/nf_tables.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_get_u32, nla_put_string, nla_put_u32 } from '../../include/net/netlink.ts';
import { EINVAL, ENOENT, EOPNOTSUPP } from '../../include/uapi/linux/errno.ts';
import {
	NFTA_OBJREF_IMM_NAME,
	NFTA_OBJREF_IMM_TYPE,
	NFTA_OBJREF_MAX,
	NFTA_OBJREF_SET_ID,
	NFTA_OBJREF_SET_NAME,
	NFTA_OBJREF_SET_SREG,
	NFT_BREAK,
	NFT_OBJ_MAXNAMELEN,
	NFT_SET_MAXNAMELEN,
	NFT_SET_OBJECT,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	nf_tables_bind_set,
	nf_tables_deactivate_set,
	nf_tables_destroy_set,
	nft_dump_register,
	nft_obj_lookup,
	nft_parse_register,
	nft_register_expr,
	nft_set_lookup_global,
	nft_validate_register_load,
} from './nf_tables_api.ts';

/** objref, named */
class nft_objref {
	obj: nft_object | null = null;
}

/**
 * Evaluates the object.
 * @kernel net/netfilter/nft_objref.c:16 (v5.10)
 */
function nft_objref_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const obj = nft_expr_priv<nft_objref>(expr).obj!;

	obj.ops.eval(obj, regs, pkt);
}

/**
 * Finds the object and takes a reference.
 * @returns 0, -EINVAL, -ENOENT
 * @kernel net/netfilter/nft_objref.c:25 (v5.10)
 */
function nft_objref_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const genmask = nft_genmask_next(ctx.net);

	if (!tb.has(NFTA_OBJREF_IMM_NAME) || !tb.has(NFTA_OBJREF_IMM_TYPE)) return -EINVAL;

	const objtype = nla_get_u32(tb, NFTA_OBJREF_IMM_TYPE)!;
	const obj = nft_obj_lookup(ctx.net, ctx.table!, tb, NFTA_OBJREF_IMM_NAME, objtype, genmask);
	if (IS_ERR(obj)) return -ENOENT;

	nft_expr_priv<nft_objref>(expr).obj = obj;
	obj.use++;
	return 0;
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_objref.c:50 (v5.10)
 */
function nft_objref_dump(tb: nlattrs, expr: nft_expr): number {
	const obj = nft_expr_priv<nft_objref>(expr).obj!;

	nla_put_string(tb, NFTA_OBJREF_IMM_NAME, obj.name);
	nla_put_u32(tb, NFTA_OBJREF_IMM_TYPE, obj.ops.type.type);
	return 0;
}

/**
 * Drops the reference, but for the step that follows a commit.
 * @param phase NFT_TRANS_*
 * @kernel net/netfilter/nft_objref.c:65 (v5.10)
 */
function nft_objref_deactivate(_ctx: nft_ctx, expr: nft_expr, phase: number): void {
	if (phase === NFT_TRANS_COMMIT) return;

	nft_expr_priv<nft_objref>(expr).obj!.use--;
}

/**
 * Takes the reference again.
 * @kernel net/netfilter/nft_objref.c:77 (v5.10)
 */
function nft_objref_activate(_ctx: nft_ctx, expr: nft_expr): void {
	nft_expr_priv<nft_objref>(expr).obj!.use++;
}

const nft_objref_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_objref_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_objref(),
	eval: nft_objref_eval,
	init: nft_objref_init,
	activate: nft_objref_activate,
	deactivate: nft_objref_deactivate,
	dump: nft_objref_dump,
};

/** objref, through a map */
class nft_objref_map {
	set: nft_set | null = null;
	sreg = 0;
	readonly binding = new nft_set_binding();
}

/**
 * Finds the object of a register and evaluates it; nothing found ends the rule.
 * @kernel net/netfilter/nft_objref.c:102 (v5.10)
 */
function nft_objref_map_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_objref_map>(expr);
	const set = priv.set!;

	const ext = set.ops.lookup(nft_net(pkt), set, regs, priv.sreg);
	if (ext === null) {
		regs.verdict.code = NFT_BREAK;
		return;
	}
	const obj = ext.obj!;
	obj.ops.eval(obj, regs, pkt);
}

/**
 * Binds the map.
 * @returns 0, -EINVAL, -ERANGE, -ENOENT, -EBUSY
 * @kernel net/netfilter/nft_objref.c:122 (v5.10)
 */
function nft_objref_map_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_objref_map>(expr);
	const genmask = nft_genmask_next(ctx.net);

	const set = nft_set_lookup_global(
		ctx.net,
		ctx.table!,
		tb,
		NFTA_OBJREF_SET_NAME,
		NFTA_OBJREF_SET_ID,
		genmask,
	);
	if (IS_ERR(set)) return set;

	if ((set.flags & NFT_SET_OBJECT) === 0) return -EINVAL;

	priv.sreg = nft_parse_register(tb, NFTA_OBJREF_SET_SREG);
	let err = nft_validate_register_load(priv.sreg, set.klen);
	if (err < 0) return err;

	priv.binding.flags = set.flags & NFT_SET_OBJECT;

	err = nf_tables_bind_set(ctx, set, priv.binding);
	if (err < 0) return err;

	priv.set = set;
	return 0;
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_objref.c:155 (v5.10)
 */
function nft_objref_map_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_objref_map>(expr);

	nft_dump_register(tb, NFTA_OBJREF_SET_SREG, priv.sreg);
	nla_put_string(tb, NFTA_OBJREF_SET_NAME, priv.set!.name);
	return 0;
}

/**
 * Lets go of the map.
 * @param phase NFT_TRANS_*
 * @kernel net/netfilter/nft_objref.c:169 (v5.10)
 */
function nft_objref_map_deactivate(ctx: nft_ctx, expr: nft_expr, phase: number): void {
	const priv = nft_expr_priv<nft_objref_map>(expr);

	nf_tables_deactivate_set(ctx, priv.set!, priv.binding, phase);
}

/**
 * Takes the map again.
 * @kernel net/netfilter/nft_objref.c:178 (v5.10)
 */
function nft_objref_map_activate(_ctx: nft_ctx, expr: nft_expr): void {
	nft_expr_priv<nft_objref_map>(expr).set!.use++;
}

/**
 * Destroys an anonymous map.
 * @kernel net/netfilter/nft_objref.c:186 (v5.10)
 */
function nft_objref_map_destroy(ctx: nft_ctx, expr: nft_expr): void {
	nf_tables_destroy_set(ctx, nft_expr_priv<nft_objref_map>(expr).set!);
}

const nft_objref_map_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_objref_type;
	},
	size: NFT_EXPR_SIZE(48),
	priv: () => new nft_objref_map(),
	eval: nft_objref_map_eval,
	init: nft_objref_map_init,
	activate: nft_objref_map_activate,
	deactivate: nft_objref_map_deactivate,
	destroy: nft_objref_map_destroy,
	dump: nft_objref_map_dump,
};

/**
 * Picks map or name.
 * @returns operations, -EOPNOTSUPP
 * @kernel net/netfilter/nft_objref.c:207 (v5.10)
 */
function nft_objref_select_ops(_ctx: nft_ctx, tb: nlattrs): nft_expr_ops | number {
	if (
		tb.has(NFTA_OBJREF_SET_SREG) &&
		(tb.has(NFTA_OBJREF_SET_NAME) || tb.has(NFTA_OBJREF_SET_ID))
	)
		return nft_objref_map_ops;
	else if (tb.has(NFTA_OBJREF_IMM_NAME) && tb.has(NFTA_OBJREF_IMM_TYPE))
		return nft_objref_ops;

	return -EOPNOTSUPP;
}

const nft_objref_policy: nla_policy = {
	[NFTA_OBJREF_IMM_NAME]: { type: NLA_STRING, len: NFT_OBJ_MAXNAMELEN - 1 },
	[NFTA_OBJREF_IMM_TYPE]: { type: NLA_U32 },
	[NFTA_OBJREF_SET_SREG]: { type: NLA_U32 },
	[NFTA_OBJREF_SET_NAME]: { type: NLA_STRING, len: NFT_SET_MAXNAMELEN - 1 },
	[NFTA_OBJREF_SET_ID]: { type: NLA_U32 },
};

const nft_objref_type: nft_expr_type = {
	name: 'objref',
	select_ops: nft_objref_select_ops,
	policy: nft_objref_policy,
	maxattr: NFTA_OBJREF_MAX,
};

/**
 * Registers the expression.
 * @returns 0
 * @kernel net/netfilter/nft_objref.c:239 (v5.10)
 */
export function nft_objref_module_init(m: Machine): number {
	return nft_register_expr(m, nft_objref_type);
}
