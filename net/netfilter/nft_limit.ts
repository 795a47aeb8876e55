// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_limit.c, base v5.10.
 *
 * Expression and stateful object limit: a rate of packets or bytes, with a token bucket in ns.
 * PORT: 64-bit products are numbers; beyond 2^53 the last digits are lost.
 */
import type { Machine } from '../../include/linux/machine.ts';
import { NSEC_PER_SEC, ktime_get_ns } from '../../include/linux/machine.ts';
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_U32, NLA_U64 } from '../../include/linux/netfilter/nfnetlink.ts';
import type {
	nft_expr_ops,
	nft_expr_type,
	nft_object_ops,
	nft_object_type,
	nft_ctx,
	nft_expr,
	nft_object,
	nft_pktinfo,
	nft_regs,
} from '../../include/net/netfilter/nf_tables.ts';
import {
	NFT_EXPR_SIZE,
	NFT_EXPR_STATEFUL,
	nft_expr_priv,
	nft_obj_data,
} from '../../include/net/netfilter/nf_tables.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import {
	nla_get_u32,
	nla_get_u64,
	nla_put_u32,
	nla_put_u64_64bit,
} from '../../include/net/netlink.ts';
import { EINVAL, EOPNOTSUPP, EOVERFLOW } from '../../include/uapi/linux/errno.ts';
import {
	NFTA_LIMIT_BURST,
	NFTA_LIMIT_FLAGS,
	NFTA_LIMIT_MAX,
	NFTA_LIMIT_RATE,
	NFTA_LIMIT_TYPE,
	NFTA_LIMIT_UNIT,
	NFT_BREAK,
	NFT_LIMIT_F_INV,
	NFT_LIMIT_PKTS,
	NFT_LIMIT_PKT_BYTES,
	NFT_OBJECT_LIMIT,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { nft_register_expr, nft_register_obj } from './nf_tables_api.ts';

/** State of a limit. */
class nft_limit {
	/** ns */
	last = 0;
	tokens = 0;
	tokens_max = 0;
	rate = 0;
	/** ns of the unit that the rate counts in */
	nsecs = 0;
	burst = 0;
	invert = false;
	/** ns a packet, for limits of packets; nft_limit_pkts in C */
	cost = 0;
}

/**
 * Pays for a packet.
 * @param cost ns
 * @returns true when the rule ends here
 * @kernel net/netfilter/nft_limit.c:28 (v5.10)
 */
function nft_limit_eval(m: Machine, limit: nft_limit, cost: number): boolean {
	const now = ktime_get_ns(m);
	let tokens = limit.tokens + now - limit.last;
	if (tokens > limit.tokens_max) tokens = limit.tokens_max;

	limit.last = now;
	const delta = tokens - cost;
	if (delta >= 0) {
		limit.tokens = delta;
		return limit.invert;
	}
	limit.tokens = tokens;
	return !limit.invert;
}

const NFT_LIMIT_PKT_BURST_DEFAULT = 5;

/**
 * Sets a limit up.
 * @param pkts of packets, else of bytes
 * @returns 0, -EINVAL, -EOVERFLOW
 * @kernel net/netfilter/nft_limit.c:54 (v5.10)
 */
function nft_limit_init(m: Machine, limit: nft_limit, tb: nlattrs, pkts: boolean): number {
	const rate = nla_get_u64(tb, NFTA_LIMIT_RATE);
	const unit = nla_get_u64(tb, NFTA_LIMIT_UNIT);
	if (rate === null || unit === null) return -EINVAL;

	limit.rate = rate;
	limit.nsecs = unit * NSEC_PER_SEC;
	if (limit.rate === 0 || limit.nsecs >= 0x10000000000000000) return -EOVERFLOW;

	limit.burst = nla_get_u32(tb, NFTA_LIMIT_BURST) ?? 0;

	if (pkts && limit.burst === 0) limit.burst = NFT_LIMIT_PKT_BURST_DEFAULT;

	if (limit.rate + limit.burst >= 0x10000000000000000) return -EOVERFLOW;

	/* A bucket of bytes holds unit * (rate + burst) / rate. */
	limit.tokens = pkts
		? Math.floor(limit.nsecs / limit.rate) * limit.burst
		: Math.floor((limit.nsecs * (limit.rate + limit.burst)) / limit.rate);
	limit.tokens_max = limit.tokens;

	if (((nla_get_u32(tb, NFTA_LIMIT_FLAGS) ?? 0) & NFT_LIMIT_F_INV) !== 0) limit.invert = true;
	limit.last = ktime_get_ns(m);
	return 0;
}

/**
 * Adds the parameters.
 * @param type NFT_LIMIT_*
 * @kernel net/netfilter/nft_limit.c:104 (v5.10)
 */
function nft_limit_dump(tb: nlattrs, limit: nft_limit, type: number): number {
	nla_put_u64_64bit(tb, NFTA_LIMIT_RATE, limit.rate);
	nla_put_u64_64bit(tb, NFTA_LIMIT_UNIT, Math.floor(limit.nsecs / NSEC_PER_SEC));
	nla_put_u32(tb, NFTA_LIMIT_BURST, limit.burst);
	nla_put_u32(tb, NFTA_LIMIT_TYPE, type);
	nla_put_u32(tb, NFTA_LIMIT_FLAGS, limit.invert ? NFT_LIMIT_F_INV : 0);
	return 0;
}

/**
 * Lets packets pass at their rate.
 * @kernel net/netfilter/nft_limit.c:129 (v5.10)
 */
function nft_limit_pkts_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_limit>(expr);

	if (nft_limit_eval(pkt.skb.machine, priv, priv.cost)) regs.verdict.code = NFT_BREAK;
}

const nft_limit_policy: nla_policy = {
	[NFTA_LIMIT_RATE]: { type: NLA_U64 },
	[NFTA_LIMIT_UNIT]: { type: NLA_U64 },
	[NFTA_LIMIT_BURST]: { type: NLA_U32 },
	[NFTA_LIMIT_TYPE]: { type: NLA_U32 },
	[NFTA_LIMIT_FLAGS]: { type: NLA_U32 },
};

/**
 * Sets a limit of packets up.
 * @returns 0, -EINVAL, -EOVERFLOW
 * @kernel PORT: nft_limit_pkts_init and nft_limit_obj_pkts_init
 */
function nft_limit_pkts_do_init(m: Machine, priv: nft_limit, tb: nlattrs): number {
	const err = nft_limit_init(m, priv, tb, true);
	if (err < 0) return err;

	priv.cost = Math.floor(priv.nsecs / priv.rate);
	return 0;
}

/**
 * Sets a limit of packets up.
 * @returns 0, -EINVAL, -EOVERFLOW
 * @kernel net/netfilter/nft_limit.c:147 (v5.10)
 */
function nft_limit_pkts_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	return nft_limit_pkts_do_init(ctx.net.machine, nft_expr_priv<nft_limit>(expr), tb);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_limit.c:162 (v5.10)
 */
function nft_limit_pkts_dump(tb: nlattrs, expr: nft_expr): number {
	return nft_limit_dump(tb, nft_expr_priv<nft_limit>(expr), NFT_LIMIT_PKTS);
}

const nft_limit_pkts_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_limit_type;
	},
	size: NFT_EXPR_SIZE(64),
	priv: () => new nft_limit(),
	eval: nft_limit_pkts_eval,
	init: nft_limit_pkts_init,
	dump: nft_limit_pkts_dump,
};

/**
 * Price of a packet where bytes are limited, ns.
 * @kernel PORT: div64_u64() of the two byte evaluations
 */
function nft_limit_bytes_cost(priv: nft_limit, pkt: nft_pktinfo): number {
	return Math.floor((priv.nsecs * pkt.skb.len) / priv.rate);
}

/**
 * Lets bytes pass at their rate.
 * @kernel net/netfilter/nft_limit.c:178 (v5.10)
 */
function nft_limit_bytes_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_limit>(expr);

	if (nft_limit_eval(pkt.skb.machine, priv, nft_limit_bytes_cost(priv, pkt)))
		regs.verdict.code = NFT_BREAK;
}

/**
 * Sets a limit of bytes up.
 * @returns 0, -EINVAL, -EOVERFLOW
 * @kernel net/netfilter/nft_limit.c:189 (v5.10)
 */
function nft_limit_bytes_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	return nft_limit_init(ctx.net.machine, nft_expr_priv<nft_limit>(expr), tb, false);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_limit.c:198 (v5.10)
 */
function nft_limit_bytes_dump(tb: nlattrs, expr: nft_expr): number {
	return nft_limit_dump(tb, nft_expr_priv<nft_limit>(expr), NFT_LIMIT_PKT_BYTES);
}

const nft_limit_bytes_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_limit_type;
	},
	size: NFT_EXPR_SIZE(56),
	priv: () => new nft_limit(),
	eval: nft_limit_bytes_eval,
	init: nft_limit_bytes_init,
	dump: nft_limit_bytes_dump,
};

/**
 * Picks packets or bytes.
 * @returns operations, -EOPNOTSUPP
 * @kernel net/netfilter/nft_limit.c:215 (v5.10)
 */
function nft_limit_select_ops(_ctx: nft_ctx, tb: nlattrs): nft_expr_ops | number {
	switch (nla_get_u32(tb, NFTA_LIMIT_TYPE) ?? NFT_LIMIT_PKTS) {
		case NFT_LIMIT_PKTS:
			return nft_limit_pkts_ops;
		case NFT_LIMIT_PKT_BYTES:
			return nft_limit_bytes_ops;
	}
	return -EOPNOTSUPP;
}

const nft_limit_type: nft_expr_type = {
	name: 'limit',
	select_ops: nft_limit_select_ops,
	policy: nft_limit_policy,
	maxattr: NFTA_LIMIT_MAX,
	flags: NFT_EXPR_STATEFUL,
};

/**
 * Lets packets pass at their rate.
 * @kernel net/netfilter/nft_limit.c:239 (v5.10)
 */
function nft_limit_obj_pkts_eval(obj: nft_object, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_obj_data<nft_limit>(obj);

	if (nft_limit_eval(pkt.skb.machine, priv, priv.cost)) regs.verdict.code = NFT_BREAK;
}

/**
 * Sets a limit of packets up.
 * @returns 0, -EINVAL, -EOVERFLOW
 * @kernel net/netfilter/nft_limit.c:249 (v5.10)
 */
function nft_limit_obj_pkts_init(ctx: nft_ctx, tb: nlattrs, obj: nft_object): number {
	return nft_limit_pkts_do_init(ctx.net.machine, nft_obj_data<nft_limit>(obj), tb);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_limit.c:264 (v5.10)
 */
function nft_limit_obj_pkts_dump(tb: nlattrs, obj: nft_object): number {
	return nft_limit_dump(tb, nft_obj_data<nft_limit>(obj), NFT_LIMIT_PKTS);
}

const nft_limit_obj_pkts_ops: nft_object_ops = {
	get type(): nft_object_type {
		return nft_limit_obj_type;
	},
	priv: () => new nft_limit(),
	init: nft_limit_obj_pkts_init,
	eval: nft_limit_obj_pkts_eval,
	dump: nft_limit_obj_pkts_dump,
};

/**
 * Lets bytes pass at their rate.
 * @kernel net/netfilter/nft_limit.c:282 (v5.10)
 */
function nft_limit_obj_bytes_eval(obj: nft_object, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_obj_data<nft_limit>(obj);

	if (nft_limit_eval(pkt.skb.machine, priv, nft_limit_bytes_cost(priv, pkt)))
		regs.verdict.code = NFT_BREAK;
}

/**
 * Sets a limit of bytes up.
 * @returns 0, -EINVAL, -EOVERFLOW
 * @kernel net/netfilter/nft_limit.c:293 (v5.10)
 */
function nft_limit_obj_bytes_init(ctx: nft_ctx, tb: nlattrs, obj: nft_object): number {
	return nft_limit_init(ctx.net.machine, nft_obj_data<nft_limit>(obj), tb, false);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_limit.c:302 (v5.10)
 */
function nft_limit_obj_bytes_dump(tb: nlattrs, obj: nft_object): number {
	return nft_limit_dump(tb, nft_obj_data<nft_limit>(obj), NFT_LIMIT_PKT_BYTES);
}

const nft_limit_obj_bytes_ops: nft_object_ops = {
	get type(): nft_object_type {
		return nft_limit_obj_type;
	},
	priv: () => new nft_limit(),
	init: nft_limit_obj_bytes_init,
	eval: nft_limit_obj_bytes_eval,
	dump: nft_limit_obj_bytes_dump,
};

/**
 * Picks packets or bytes.
 * @returns operations, -EOPNOTSUPP
 * @kernel net/netfilter/nft_limit.c:321 (v5.10)
 */
function nft_limit_obj_select_ops(_ctx: nft_ctx, tb: nlattrs): nft_object_ops | number {
	switch (nla_get_u32(tb, NFTA_LIMIT_TYPE) ?? NFT_LIMIT_PKTS) {
		case NFT_LIMIT_PKTS:
			return nft_limit_obj_pkts_ops;
		case NFT_LIMIT_PKT_BYTES:
			return nft_limit_obj_bytes_ops;
	}
	return -EOPNOTSUPP;
}

const nft_limit_obj_type: nft_object_type = {
	select_ops: nft_limit_obj_select_ops,
	type: NFT_OBJECT_LIMIT,
	maxattr: NFTA_LIMIT_MAX,
	policy: nft_limit_policy,
};

/**
 * Registers expression and object.
 * @returns 0 or -errno
 * @kernel net/netfilter/nft_limit.c:344 (v5.10)
 */
export function nft_limit_module_init(m: Machine): number {
	const err = nft_register_obj(m, nft_limit_obj_type);
	if (err < 0) return err;

	return nft_register_expr(m, nft_limit_type);
}
