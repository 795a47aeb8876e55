// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_log.c, base v5.10.
 *
 * Expression log: writes a packet to the kernel log.
 * Not ported: audit records (level audit is taken and writes nothing, as with auditing off), logging to
 * user space (a group is refused with -ENOENT, for no such logger is there).
 */
import type { Machine } from '../../include/linux/machine.ts';
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_STRING, NLA_U16, NLA_U32 } from '../../include/linux/netfilter/nfnetlink.ts';
import {
	NF_LOG_TYPE_LOG,
	NF_LOG_TYPE_ULOG,
	nf_loginfo,
} from '../../include/net/netfilter/nf_log.ts';
import type {
	nft_expr_ops,
	nft_expr_type,
	nft_ctx,
	nft_expr,
	nft_pktinfo,
	nft_regs,
} from '../../include/net/netfilter/nf_tables.ts';
import {
	NFT_EXPR_SIZE,
	nft_expr_priv,
	nft_hook,
	nft_in,
	nft_net,
	nft_out,
	nft_pf,
} from '../../include/net/netfilter/nf_tables.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_get_u32, nla_put_string, nla_put_u32, nla_strdup } from '../../include/net/netlink.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import { NF_LOG_MASK, NF_LOG_PREFIXLEN } from '../../include/uapi/linux/netfilter/nf_log.ts';
import {
	NFTA_LOG_FLAGS,
	NFTA_LOG_GROUP,
	NFTA_LOG_LEVEL,
	NFTA_LOG_MAX,
	NFTA_LOG_PREFIX,
	NFTA_LOG_QTHRESHOLD,
	NFTA_LOG_SNAPLEN,
	NFT_LOGLEVEL_AUDIT,
	NFT_LOGLEVEL_WARNING,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { nf_log_packet, nf_logger_find_get, nf_logger_put } from './nf_log.ts';
import { nft_register_expr } from './nf_tables_api.ts';

/** log */
class nft_log {
	readonly loginfo = new nf_loginfo();
	prefix: string | null = null;
}

/**
 * Logs a packet.
 * @kernel net/netfilter/nft_log.c:104 (v5.10)
 */
function nft_log_eval(expr: nft_expr, _regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_log>(expr);

	if (priv.loginfo.u.log.level === NFT_LOGLEVEL_AUDIT) return;

	nf_log_packet(
		nft_net(pkt),
		nft_pf(pkt),
		nft_hook(pkt),
		pkt.skb,
		nft_in(pkt),
		nft_out(pkt),
		priv.loginfo,
		priv.prefix ?? '',
	);
}

const nft_log_policy: nla_policy = {
	[NFTA_LOG_GROUP]: { type: NLA_U16 },
	[NFTA_LOG_PREFIX]: { type: NLA_STRING, len: NF_LOG_PREFIXLEN - 1 },
	[NFTA_LOG_SNAPLEN]: { type: NLA_U32 },
	[NFTA_LOG_QTHRESHOLD]: { type: NLA_U16 },
	[NFTA_LOG_LEVEL]: { type: NLA_U32 },
	[NFTA_LOG_FLAGS]: { type: NLA_U32 },
};

/**
 * Sets logging up and takes the logger.
 * @returns 0, -EINVAL, -ENOENT without a logger
 * @kernel net/netfilter/nft_log.c:131 (v5.10)
 */
function nft_log_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_log>(expr);
	const li = priv.loginfo;

	li.type = NF_LOG_TYPE_LOG;
	li.u.log.logflags = 0;
	if (tb.has(NFTA_LOG_LEVEL) && tb.has(NFTA_LOG_GROUP)) return -EINVAL;
	if (tb.has(NFTA_LOG_GROUP)) {
		li.type = NF_LOG_TYPE_ULOG;
		if (tb.has(NFTA_LOG_FLAGS)) return -EINVAL;
	}

	priv.prefix = nla_strdup(tb, NFTA_LOG_PREFIX);

	if (li.type === NF_LOG_TYPE_LOG) {
		li.u.log.level = nla_get_u32(tb, NFTA_LOG_LEVEL) ?? NFT_LOGLEVEL_WARNING;
		if (li.u.log.level > NFT_LOGLEVEL_AUDIT) return -EINVAL;

		li.u.log.logflags = nla_get_u32(tb, NFTA_LOG_FLAGS) ?? 0;
		if ((li.u.log.logflags & ~NF_LOG_MASK) !== 0) return -EINVAL;
	}

	if (li.u.log.level === NFT_LOGLEVEL_AUDIT) return 0;

	return nf_logger_find_get(ctx.net.machine, ctx.family, li.type);
}

/**
 * Gives the logger back.
 * @kernel net/netfilter/nft_log.c:211 (v5.10)
 */
function nft_log_destroy(ctx: nft_ctx, expr: nft_expr): void {
	const li = nft_expr_priv<nft_log>(expr).loginfo;

	if (li.u.log.level === NFT_LOGLEVEL_AUDIT) return;

	nf_logger_put(ctx.net.machine, ctx.family, li.type);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_log.c:226 (v5.10)
 */
function nft_log_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_log>(expr);
	const li = priv.loginfo;

	if (priv.prefix !== null) nla_put_string(tb, NFTA_LOG_PREFIX, priv.prefix);

	nla_put_u32(tb, NFTA_LOG_LEVEL, li.u.log.level);

	if (li.u.log.logflags !== 0) nla_put_u32(tb, NFTA_LOG_FLAGS, li.u.log.logflags);
	return 0;
}

const nft_log_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_log_type;
	},
	size: NFT_EXPR_SIZE(24),
	priv: () => new nft_log(),
	eval: nft_log_eval,
	init: nft_log_init,
	destroy: nft_log_destroy,
	dump: nft_log_dump,
};

const nft_log_type: nft_expr_type = {
	name: 'log',
	ops: nft_log_ops,
	policy: nft_log_policy,
	maxattr: NFTA_LOG_MAX,
};

/**
 * Registers the expression.
 * @returns 0
 * @kernel net/netfilter/nft_log.c:285 (v5.10)
 */
export function nft_log_module_init(m: Machine): number {
	return nft_register_expr(m, nft_log_type);
}
