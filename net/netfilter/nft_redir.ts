// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_redir.c, base v5.10.
 *
 * Expression redir: destination NAT to the machine itself.
 *
 * PORT: nft_redir_module_init() registers all families itself (nft_redir_module_init_inet).
 */
import { htons } from '../../include/linux/byteorder/generic.ts';
import type { Machine } from '../../include/linux/machine.ts';
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_U32 } from '../../include/linux/netfilter/nfnetlink.ts';
import type { nf_nat_ipv4_range } from '../../include/net/netfilter/nf_nat.ts';
import { nf_nat_range2 } from '../../include/net/netfilter/nf_nat.ts';
import type {
	nft_expr_ops,
	nft_expr_type,
	nft_ctx,
	nft_expr,
	nft_pktinfo,
	nft_regs,
} from '../../include/net/netfilter/nf_tables.ts';
import {
	NFT_CHAIN_T_NAT,
	NFT_EXPR_SIZE,
	nft_expr_priv,
	nft_hook,
	nft_pf,
	nft_reg_load_be16,
} from '../../include/net/netfilter/nf_tables.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_get_u32, nla_put_u32 } from '../../include/net/netlink.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import {
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
	NF_INET_LOCAL_OUT,
	NF_INET_PRE_ROUTING,
} from '../../include/uapi/linux/netfilter.ts';
import {
	NF_NAT_RANGE_MASK,
	NF_NAT_RANGE_PROTO_SPECIFIED,
} from '../../include/uapi/linux/netfilter/nf_nat.ts';
import {
	NFTA_REDIR_FLAGS,
	NFTA_REDIR_MAX,
	NFTA_REDIR_REG_PROTO_MAX,
	NFTA_REDIR_REG_PROTO_MIN,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { nf_ct_netns_get, nf_ct_netns_put } from './nf_conntrack_proto.ts';
import { nf_nat_redirect_ipv4, nf_nat_redirect_ipv6 } from './nf_nat_redirect.ts';
import {
	nft_chain_validate_dependency,
	nft_chain_validate_hooks,
	nft_dump_register,
	nft_parse_register,
	nft_register_expr,
	nft_validate_register_load,
} from './nf_tables_api.ts';

/** redir; word index 0 of a register means absent */
class nft_redir {
	sreg_proto_min = 0;
	sreg_proto_max = 0;
	/** NF_NAT_RANGE_* */
	flags = 0;
}

/** Bytes that a port's register must have: those of an address, as in the base. */
const NFT_REDIR_PLEN = 16;

const nft_redir_policy: nla_policy = {
	[NFTA_REDIR_REG_PROTO_MIN]: { type: NLA_U32 },
	[NFTA_REDIR_REG_PROTO_MAX]: { type: NLA_U32 },
	[NFTA_REDIR_FLAGS]: { type: NLA_U32 },
};

/**
 * Checks that the chain does NAT where packets come in or are made.
 * @returns 0, -EOPNOTSUPP
 * @kernel net/netfilter/nft_redir.c:28 (v5.10)
 */
function nft_redir_validate(ctx: nft_ctx): number {
	const err = nft_chain_validate_dependency(ctx.chain!, NFT_CHAIN_T_NAT);
	if (err < 0) return err;

	return nft_chain_validate_hooks(
		ctx.chain!,
		(1 << NF_INET_PRE_ROUTING) | (1 << NF_INET_LOCAL_OUT),
	);
}

/**
 * Sets it up.
 * @returns 0, -EINVAL, -ERANGE, or what switching connection tracking on says
 * @kernel net/netfilter/nft_redir.c:43 (v5.10)
 */
function nft_redir_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_redir>(expr);
	let err: number;

	if (tb.has(NFTA_REDIR_REG_PROTO_MIN)) {
		priv.sreg_proto_min = nft_parse_register(tb, NFTA_REDIR_REG_PROTO_MIN);
		err = nft_validate_register_load(priv.sreg_proto_min, NFT_REDIR_PLEN);
		if (err < 0) return err;

		if (tb.has(NFTA_REDIR_REG_PROTO_MAX)) {
			priv.sreg_proto_max = nft_parse_register(tb, NFTA_REDIR_REG_PROTO_MAX);
			err = nft_validate_register_load(priv.sreg_proto_max, NFT_REDIR_PLEN);
			if (err < 0) return err;
		} else {
			priv.sreg_proto_max = priv.sreg_proto_min;
		}
	}

	if (tb.has(NFTA_REDIR_FLAGS)) {
		/* u16 in C */
		priv.flags = nla_get_u32(tb, NFTA_REDIR_FLAGS)! & 0xffff;
		if ((priv.flags & ~NF_NAT_RANGE_MASK) !== 0) return -EINVAL;
	}

	return nf_ct_netns_get(ctx.net, ctx.family);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_redir.c:82 (v5.10)
 */
function nft_redir_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_redir>(expr);

	if (priv.sreg_proto_min !== 0) {
		nft_dump_register(tb, NFTA_REDIR_REG_PROTO_MIN, priv.sreg_proto_min);
		nft_dump_register(tb, NFTA_REDIR_REG_PROTO_MAX, priv.sreg_proto_max);
	}

	if (priv.flags !== 0) nla_put_u32(tb, NFTA_REDIR_FLAGS, priv.flags);
	return 0;
}

/**
 * Settles NAT of an IPv4 connection.
 * @kernel net/netfilter/nft_redir.c:105 (v5.10)
 */
function nft_redir_ipv4_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_redir>(expr);
	const range: nf_nat_ipv4_range = { flags: priv.flags, min: htons(0), max: htons(0) };

	if (priv.sreg_proto_min !== 0) {
		range.min = htons(nft_reg_load_be16(regs, priv.sreg_proto_min));
		range.max = htons(nft_reg_load_be16(regs, priv.sreg_proto_max));
		range.flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
	}

	regs.verdict.code = nf_nat_redirect_ipv4(pkt.skb, { range: [range] }, nft_hook(pkt));
}

/**
 * Lets connection tracking go.
 * @kernel net/netfilter/nft_redir.c:127 (v5.10)
 */
function nft_redir_ipv4_destroy(ctx: nft_ctx): void {
	nf_ct_netns_put(ctx.net, NFPROTO_IPV4);
}

/**
 * Settles NAT of an IPv6 connection.
 * @kernel net/netfilter/nft_redir.c:153 (v5.10)
 */
function nft_redir_ipv6_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_redir>(expr);
	const range = new nf_nat_range2();

	range.flags = priv.flags;
	if (priv.sreg_proto_min !== 0) {
		range.min_proto = htons(nft_reg_load_be16(regs, priv.sreg_proto_min));
		range.max_proto = htons(nft_reg_load_be16(regs, priv.sreg_proto_max));
		range.flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
	}

	regs.verdict.code = nf_nat_redirect_ipv6(pkt.skb, range, nft_hook(pkt));
}

const nft_redir_ipv4_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_redir_ipv4_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_redir(),
	eval: nft_redir_ipv4_eval,
	init: nft_redir_init,
	destroy: nft_redir_ipv4_destroy,
	dump: nft_redir_dump,
	validate: nft_redir_validate,
};

const nft_redir_ipv4_type: nft_expr_type = {
	family: NFPROTO_IPV4,
	name: 'redir',
	ops: nft_redir_ipv4_ops,
	policy: nft_redir_policy,
	maxattr: NFTA_REDIR_MAX,
};

/**
 * Lets connection tracking go.
 * @kernel net/netfilter/nft_redir.c:176 (v5.10)
 */
function nft_redir_ipv6_destroy(ctx: nft_ctx): void {
	nf_ct_netns_put(ctx.net, NFPROTO_IPV6);
}

/**
 * Settles NAT by the family of the packet.
 * @kernel net/netfilter/nft_redir.c:203 (v5.10)
 */
function nft_redir_inet_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	switch (nft_pf(pkt)) {
		case NFPROTO_IPV4:
			nft_redir_ipv4_eval(expr, regs, pkt);
			return;
		case NFPROTO_IPV6:
			nft_redir_ipv6_eval(expr, regs, pkt);
			return;
	}

	pkt.skb.machine.record('WARN', 'nft_redir_inet_eval', 'family', pkt.skb);
}

const nft_redir_ipv6_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_redir_ipv6_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_redir(),
	eval: nft_redir_ipv6_eval,
	init: nft_redir_init,
	destroy: nft_redir_ipv6_destroy,
	dump: nft_redir_dump,
	validate: nft_redir_validate,
};

const nft_redir_ipv6_type: nft_expr_type = {
	family: NFPROTO_IPV6,
	name: 'redir',
	ops: nft_redir_ipv6_ops,
	policy: nft_redir_policy,
	maxattr: NFTA_REDIR_MAX,
};

/**
 * Lets connection tracking go.
 * @kernel net/netfilter/nft_redir.c:218 (v5.10)
 */
function nft_redir_inet_destroy(ctx: nft_ctx): void {
	nf_ct_netns_put(ctx.net, NFPROTO_INET);
}

const nft_redir_inet_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_redir_inet_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_redir(),
	eval: nft_redir_inet_eval,
	init: nft_redir_init,
	destroy: nft_redir_inet_destroy,
	dump: nft_redir_dump,
	validate: nft_redir_validate,
};

const nft_redir_inet_type: nft_expr_type = {
	family: NFPROTO_INET,
	name: 'redir',
	ops: nft_redir_inet_ops,
	policy: nft_redir_policy,
	maxattr: NFTA_REDIR_MAX,
};

/**
 * Registers the expressions.
 * @returns 0 or -errno
 * @kernel net/netfilter/nft_redir.c:251 (v5.10)
 */
export function nft_redir_module_init(m: Machine): number {
	let ret = nft_register_expr(m, nft_redir_ipv4_type);
	if (ret !== 0) return ret;

	ret = nft_register_expr(m, nft_redir_ipv6_type);
	if (ret !== 0) return ret;

	return nft_register_expr(m, nft_redir_inet_type);
}
