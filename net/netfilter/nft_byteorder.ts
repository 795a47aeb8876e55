// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_byteorder.c, base v5.10.
 *
 * Expression byteorder: between network order and the order of the host, which is little endian.
 */
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_U32 } from '../../include/linux/netfilter/nfnetlink.ts';
import type {
	nft_expr_ops,
	nft_expr_type,
	nft_ctx,
	nft_expr,
	nft_regs,
} from '../../include/net/netfilter/nf_tables.ts';
import { NFT_EXPR_SIZE, nft_expr_priv, swab32 } from '../../include/net/netfilter/nf_tables.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_get_u32, nla_put_u32 } from '../../include/net/netlink.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import {
	NFTA_BYTEORDER_DREG,
	NFTA_BYTEORDER_LEN,
	NFTA_BYTEORDER_MAX,
	NFTA_BYTEORDER_OP,
	NFTA_BYTEORDER_SIZE,
	NFTA_BYTEORDER_SREG,
	NFT_BYTEORDER_HTON,
	NFT_BYTEORDER_NTOH,
	NFT_DATA_VALUE,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	nft_dump_register,
	nft_parse_register,
	nft_parse_u32_check,
	nft_validate_register_load,
	nft_validate_register_store,
} from './nf_tables_api.ts';

/** byteorder */
class nft_byteorder {
	sreg = 0;
	dreg = 0;
	/** NFT_BYTEORDER_* */
	op = 0;
	/** bytes in all */
	len = 0;
	/** bytes of each number */
	size = 0;
}

/**
 * Swaps the bytes of each number. As in C, each takes the place of a whole word (or of one word
 * only, for 64 bits), so that numbers of 2 and 8 bytes are right for the first alone.
 * PORT: both directions are the same.
 * @kernel net/netfilter/nft_byteorder.c:26 (v5.10)
 */
export function nft_byteorder_eval(expr: nft_expr, regs: nft_regs): void {
	const priv = nft_expr_priv<nft_byteorder>(expr);
	const d = regs.data;

	switch (priv.size) {
		case 8:
			for (let i = 0; i < priv.len >> 3; i++) {
				const lo = d[priv.sreg + i];
				const hi = d[priv.sreg + i + 1];
				d[priv.dreg + i] = swab32(hi);
				d[priv.dreg + i + 1] = swab32(lo);
			}
			break;
		case 4:
			for (let i = 0; i < priv.len >> 2; i++)
				d[priv.dreg + i] = swab32(d[priv.sreg + i]);
			break;
		case 2:
			for (let i = 0; i < priv.len >> 1; i++) {
				const s = d[priv.sreg + i];
				d[priv.dreg + i] =
					(d[priv.dreg + i] & 0xffff0000) |
					((s & 0xff) << 8) |
					((s >>> 8) & 0xff);
			}
			break;
	}
}

const nft_byteorder_policy: nla_policy = {
	[NFTA_BYTEORDER_SREG]: { type: NLA_U32 },
	[NFTA_BYTEORDER_DREG]: { type: NLA_U32 },
	[NFTA_BYTEORDER_OP]: { type: NLA_U32 },
	[NFTA_BYTEORDER_LEN]: { type: NLA_U32 },
	[NFTA_BYTEORDER_SIZE]: { type: NLA_U32 },
};

/**
 * Sets a conversion up.
 * @returns 0, -EINVAL, -ERANGE
 * @kernel net/netfilter/nft_byteorder.c:95 (v5.10)
 */
function nft_byteorder_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_byteorder>(expr);

	if (
		!tb.has(NFTA_BYTEORDER_SREG) ||
		!tb.has(NFTA_BYTEORDER_DREG) ||
		!tb.has(NFTA_BYTEORDER_LEN) ||
		!tb.has(NFTA_BYTEORDER_SIZE) ||
		!tb.has(NFTA_BYTEORDER_OP)
	)
		return -EINVAL;

	priv.op = nla_get_u32(tb, NFTA_BYTEORDER_OP)!;
	switch (priv.op) {
		case NFT_BYTEORDER_NTOH:
		case NFT_BYTEORDER_HTON:
			break;
		default:
			return -EINVAL;
	}

	const size = nft_parse_u32_check(tb, NFTA_BYTEORDER_SIZE, 255);
	if (size < 0) return size;

	priv.size = size;

	switch (priv.size) {
		case 2:
		case 4:
		case 8:
			break;
		default:
			return -EINVAL;
	}

	priv.sreg = nft_parse_register(tb, NFTA_BYTEORDER_SREG);
	const len = nft_parse_u32_check(tb, NFTA_BYTEORDER_LEN, 255);
	if (len < 0) return len;

	priv.len = len;

	const err = nft_validate_register_load(priv.sreg, priv.len);
	if (err < 0) return err;

	priv.dreg = nft_parse_register(tb, NFTA_BYTEORDER_DREG);
	return nft_validate_register_store(ctx, priv.dreg, null, NFT_DATA_VALUE, priv.len);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_byteorder.c:150 (v5.10)
 */
function nft_byteorder_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_byteorder>(expr);

	nft_dump_register(tb, NFTA_BYTEORDER_SREG, priv.sreg);
	nft_dump_register(tb, NFTA_BYTEORDER_DREG, priv.dreg);
	nla_put_u32(tb, NFTA_BYTEORDER_OP, priv.op);
	nla_put_u32(tb, NFTA_BYTEORDER_LEN, priv.len);
	nla_put_u32(tb, NFTA_BYTEORDER_SIZE, priv.size);
	return 0;
}

const nft_byteorder_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_byteorder_type;
	},
	size: NFT_EXPR_SIZE(5),
	priv: () => new nft_byteorder(),
	eval: nft_byteorder_eval,
	init: nft_byteorder_init,
	dump: nft_byteorder_dump,
};

export const nft_byteorder_type: nft_expr_type = {
	name: 'byteorder',
	ops: nft_byteorder_ops,
	policy: nft_byteorder_policy,
	maxattr: NFTA_BYTEORDER_MAX,
};
