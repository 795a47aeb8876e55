// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_counter.c, base v5.10.
 *
 * Expression and stateful object counter: packets and bytes.
 * PORT: one processor, so one counter.
 * Not ported: nft_counter_do_destroy, nft_counter_obj_destroy, nft_counter_destroy and nft_counter_fetch: there are no
 * counters of other processors to sum or to free.
 */
import type { Machine } from '../../include/linux/machine.ts';
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_U64 } from '../../include/linux/netfilter/nfnetlink.ts';
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
import { nla_get_u64, nla_put_u64_64bit } from '../../include/net/netlink.ts';
import {
	NFTA_COUNTER_BYTES,
	NFTA_COUNTER_MAX,
	NFTA_COUNTER_PACKETS,
	NFT_OBJECT_COUNTER,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { nft_register_expr, nft_register_obj } from './nf_tables_api.ts';

/** Counts; both below 2^53. */
class nft_counter {
	bytes = 0;
	packets = 0;
}

/**
 * Counts a packet.
 * @kernel net/netfilter/nft_counter.c:28 (v5.10)
 */
function nft_counter_do_eval(priv: nft_counter, pkt: nft_pktinfo): void {
	priv.bytes += pkt.skb.len;
	priv.packets++;
}

/**
 * Counts a packet.
 * @kernel net/netfilter/nft_counter.c:48 (v5.10)
 */
function nft_counter_obj_eval(obj: nft_object, _regs: nft_regs, pkt: nft_pktinfo): void {
	nft_counter_do_eval(nft_obj_data<nft_counter>(obj), pkt);
}

/**
 * Sets first values.
 * @returns 0
 * @kernel net/netfilter/nft_counter.c:57 (v5.10)
 */
function nft_counter_do_init(tb: nlattrs, priv: nft_counter): number {
	priv.packets = nla_get_u64(tb, NFTA_COUNTER_PACKETS) ?? 0;
	priv.bytes = nla_get_u64(tb, NFTA_COUNTER_BYTES) ?? 0;
	return 0;
}

/**
 * Sets first values.
 * @returns 0
 * @kernel net/netfilter/nft_counter.c:82 (v5.10)
 */
function nft_counter_obj_init(_ctx: nft_ctx, tb: nlattrs, obj: nft_object): number {
	return nft_counter_do_init(tb, nft_obj_data<nft_counter>(obj));
}

/**
 * Starts again from zero.
 * @kernel net/netfilter/nft_counter.c:104 (v5.10)
 */
function nft_counter_reset(priv: nft_counter): void {
	priv.packets = 0;
	priv.bytes = 0;
}

/**
 * Adds the values.
 * @param reset start again from zero
 * @kernel net/netfilter/nft_counter.c:140 (v5.10)
 */
function nft_counter_do_dump(tb: nlattrs, priv: nft_counter, reset: boolean): number {
	nla_put_u64_64bit(tb, NFTA_COUNTER_BYTES, priv.bytes);
	nla_put_u64_64bit(tb, NFTA_COUNTER_PACKETS, priv.packets);

	if (reset) nft_counter_reset(priv);
	return 0;
}

/**
 * Adds the values.
 * @param reset start again from zero
 * @kernel net/netfilter/nft_counter.c:163 (v5.10)
 */
function nft_counter_obj_dump(tb: nlattrs, obj: nft_object, reset: boolean): number {
	return nft_counter_do_dump(tb, nft_obj_data<nft_counter>(obj), reset);
}

const nft_counter_policy: nla_policy = {
	[NFTA_COUNTER_PACKETS]: { type: NLA_U64 },
	[NFTA_COUNTER_BYTES]: { type: NLA_U64 },
};

const nft_counter_obj_ops: nft_object_ops = {
	get type(): nft_object_type {
		return nft_counter_obj_type;
	},
	priv: () => new nft_counter(),
	eval: nft_counter_obj_eval,
	init: nft_counter_obj_init,
	dump: nft_counter_obj_dump,
};

const nft_counter_obj_type: nft_object_type = {
	type: NFT_OBJECT_COUNTER,
	ops: nft_counter_obj_ops,
	maxattr: NFTA_COUNTER_MAX,
	policy: nft_counter_policy,
};

/**
 * Counts a packet.
 * @kernel net/netfilter/nft_counter.c:194 (v5.10)
 */
function nft_counter_eval(expr: nft_expr, _regs: nft_regs, pkt: nft_pktinfo): void {
	nft_counter_do_eval(nft_expr_priv<nft_counter>(expr), pkt);
}

/**
 * Adds the values.
 * @kernel net/netfilter/nft_counter.c:203 (v5.10)
 */
function nft_counter_dump(tb: nlattrs, expr: nft_expr): number {
	return nft_counter_do_dump(tb, nft_expr_priv<nft_counter>(expr), false);
}

/**
 * Sets first values.
 * @returns 0
 * @kernel net/netfilter/nft_counter.c:210 (v5.10)
 */
function nft_counter_init(_ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	return nft_counter_do_init(tb, nft_expr_priv<nft_counter>(expr));
}

/**
 * Makes a counter that starts from another's values.
 * @returns 0
 * @kernel net/netfilter/nft_counter.c:227 (v5.10)
 */
function nft_counter_clone(dst: nft_expr, src: nft_expr): number {
	const priv = nft_expr_priv<nft_counter>(src);
	const priv_clone = nft_expr_priv<nft_counter>(dst);

	priv_clone.packets = priv.packets;
	priv_clone.bytes = priv.bytes;
	return 0;
}

const nft_counter_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_counter_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_counter(),
	eval: nft_counter_eval,
	init: nft_counter_init,
	dump: nft_counter_dump,
	clone: nft_counter_clone,
};

const nft_counter_type: nft_expr_type = {
	name: 'counter',
	ops: nft_counter_ops,
	policy: nft_counter_policy,
	maxattr: NFTA_COUNTER_MAX,
	flags: NFT_EXPR_STATEFUL,
};

/**
 * Registers expression and object.
 * @returns 0 or -errno
 * @kernel net/netfilter/nft_counter.c:272 (v5.10)
 */
export function nft_counter_module_init(m: Machine): number {
	const err = nft_register_obj(m, nft_counter_obj_type);
	if (err < 0) return err;

	return nft_register_expr(m, nft_counter_type);
}
