// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_quota.c, base v5.10.
 *
 * Expression and stateful object quota: matches until, or after, a number of bytes.
 * PORT: nobody is told when an object is used up, there are no notifications.
 */
import type { Machine } from '../../include/linux/machine.ts';
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_U32, NLA_U64 } from '../../include/linux/netfilter/nfnetlink.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
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
import { EINVAL, EOVERFLOW } from '../../include/uapi/linux/errno.ts';
import {
	NFTA_QUOTA_BYTES,
	NFTA_QUOTA_CONSUMED,
	NFTA_QUOTA_FLAGS,
	NFTA_QUOTA_MAX,
	NFT_BREAK,
	NFT_OBJECT_QUOTA,
	NFT_QUOTA_F_DEPLETED,
	NFT_QUOTA_F_INV,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { nft_register_expr, nft_register_obj } from './nf_tables_api.ts';

/** Bytes; both below 2^53. */
class nft_quota {
	quota = 0;
	/** NFT_QUOTA_F_* */
	flags = 0;
	consumed = 0;
}

/**
 * Counts a packet and tells whether the quota is used up.
 * @kernel net/netfilter/nft_quota.c:21 (v5.10)
 */
function nft_overquota(priv: nft_quota, skb: sk_buff): boolean {
	priv.consumed += skb.len;
	return priv.consumed >= priv.quota;
}

/**
 * Tells whether it matches after instead of until.
 * @kernel net/netfilter/nft_quota.c:28 (v5.10)
 */
function nft_quota_invert(priv: nft_quota): boolean {
	return (priv.flags & NFT_QUOTA_F_INV) !== 0;
}

/**
 * Counts a packet and matches it.
 * @kernel net/netfilter/nft_quota.c:33 (v5.10)
 */
function nft_quota_do_eval(priv: nft_quota, regs: nft_regs, pkt: nft_pktinfo): void {
	if (nft_overquota(priv, pkt.skb) !== nft_quota_invert(priv)) regs.verdict.code = NFT_BREAK;
}

const nft_quota_policy: nla_policy = {
	[NFTA_QUOTA_BYTES]: { type: NLA_U64 },
	[NFTA_QUOTA_FLAGS]: { type: NLA_U32 },
	[NFTA_QUOTA_CONSUMED]: { type: NLA_U64 },
};

/**
 * Counts a packet and matches it.
 * @kernel net/netfilter/nft_quota.c:49 (v5.10)
 */
function nft_quota_obj_eval(obj: nft_object, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_obj_data<nft_quota>(obj);

	const overquota = nft_overquota(priv, pkt.skb);
	if (overquota !== nft_quota_invert(priv)) regs.verdict.code = NFT_BREAK;

	if (overquota) priv.flags |= NFT_QUOTA_F_DEPLETED;
}

/**
 * Sets the parameters.
 * @returns 0, -EINVAL, -EOPNOTSUPP
 * @kernel net/netfilter/nft_quota.c:66 (v5.10)
 */
function nft_quota_do_init(tb: nlattrs, priv: nft_quota): number {
	const quota = nla_get_u64(tb, NFTA_QUOTA_BYTES);
	if (quota === null) return -EINVAL;

	if (quota >= 2 ** 63) return -EOVERFLOW;

	const consumed = nla_get_u64(tb, NFTA_QUOTA_CONSUMED) ?? 0;
	if (consumed > quota) return -EINVAL;

	const flags = nla_get_u32(tb, NFTA_QUOTA_FLAGS) ?? 0;
	if ((flags & ~NFT_QUOTA_F_INV) !== 0) return -EINVAL;

	priv.quota = quota;
	priv.flags = flags;
	priv.consumed = consumed;
	return 0;
}

/**
 * Sets the parameters.
 * @returns 0, -EINVAL, -EOVERFLOW
 * @kernel net/netfilter/nft_quota.c:100 (v5.10)
 */
function nft_quota_obj_init(_ctx: nft_ctx, tb: nlattrs, obj: nft_object): number {
	return nft_quota_do_init(tb, nft_obj_data<nft_quota>(obj));
}

/**
 * Takes another's quota and flags, the bytes used stay.
 * @kernel net/netfilter/nft_quota.c:109 (v5.10)
 */
function nft_quota_obj_update(obj: nft_object, newobj: nft_object): void {
	const newpriv = nft_obj_data<nft_quota>(newobj);
	const priv = nft_obj_data<nft_quota>(obj);

	priv.quota = newpriv.quota;
	priv.flags = newpriv.flags;
}

/**
 * Adds the values.
 * @param reset start again from zero
 * @kernel net/netfilter/nft_quota.c:121 (v5.10)
 */
function nft_quota_do_dump(tb: nlattrs, priv: nft_quota, reset: boolean): number {
	let flags = priv.flags;
	let consumed_cap = priv.consumed;

	/* Packets are counted on after it is used up; that is not told. */
	if (priv.consumed >= priv.quota) {
		consumed_cap = priv.quota;
		flags |= NFT_QUOTA_F_DEPLETED;
	}

	nla_put_u64_64bit(tb, NFTA_QUOTA_BYTES, priv.quota);
	nla_put_u64_64bit(tb, NFTA_QUOTA_CONSUMED, consumed_cap);
	nla_put_u32(tb, NFTA_QUOTA_FLAGS, flags);

	if (reset) {
		priv.consumed = 0;
		priv.flags &= ~NFT_QUOTA_F_DEPLETED;
	}
	return 0;
}

/**
 * Adds the values.
 * @param reset start again from zero
 * @kernel net/netfilter/nft_quota.c:157 (v5.10)
 */
function nft_quota_obj_dump(tb: nlattrs, obj: nft_object, reset: boolean): number {
	return nft_quota_do_dump(tb, nft_obj_data<nft_quota>(obj), reset);
}

const nft_quota_obj_ops: nft_object_ops = {
	get type(): nft_object_type {
		return nft_quota_obj_type;
	},
	priv: () => new nft_quota(),
	init: nft_quota_obj_init,
	eval: nft_quota_obj_eval,
	dump: nft_quota_obj_dump,
	update: nft_quota_obj_update,
};

const nft_quota_obj_type: nft_object_type = {
	type: NFT_OBJECT_QUOTA,
	ops: nft_quota_obj_ops,
	maxattr: NFTA_QUOTA_MAX,
	policy: nft_quota_policy,
};

/**
 * Counts a packet and matches it.
 * @kernel net/netfilter/nft_quota.c:183 (v5.10)
 */
function nft_quota_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	nft_quota_do_eval(nft_expr_priv<nft_quota>(expr), regs, pkt);
}

/**
 * Sets the parameters.
 * @returns 0, -EINVAL, -EOVERFLOW
 * @kernel net/netfilter/nft_quota.c:192 (v5.10)
 */
function nft_quota_init(_ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	return nft_quota_do_init(tb, nft_expr_priv<nft_quota>(expr));
}

/**
 * Adds the values.
 * @kernel net/netfilter/nft_quota.c:201 (v5.10)
 */
function nft_quota_dump(tb: nlattrs, expr: nft_expr): number {
	return nft_quota_do_dump(tb, nft_expr_priv<nft_quota>(expr), false);
}

const nft_quota_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_quota_type;
	},
	size: NFT_EXPR_SIZE(24),
	priv: () => new nft_quota(),
	eval: nft_quota_eval,
	init: nft_quota_init,
	dump: nft_quota_dump,
};

const nft_quota_type: nft_expr_type = {
	name: 'quota',
	ops: nft_quota_ops,
	policy: nft_quota_policy,
	maxattr: NFTA_QUOTA_MAX,
	flags: NFT_EXPR_STATEFUL,
};

/**
 * Registers expression and object.
 * @returns 0 or -errno
 * @kernel net/netfilter/nft_quota.c:226 (v5.10)
 */
export function nft_quota_module_init(m: Machine): number {
	const err = nft_register_obj(m, nft_quota_obj_type);
	if (err < 0) return err;

	return nft_register_expr(m, nft_quota_type);
}
