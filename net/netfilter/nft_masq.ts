// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_masq.c, base v5.10.
 *
 * Expression masq: source NAT to an address of the leaving device.
 *
 * PORT: nft_masq_module_init() registers all families itself (nft_masq_module_init_ipv6, nft_masq_module_init_inet).
 * Not ported: leaving (nft_masq_module_exit_ipv6, nft_masq_module_exit_inet).
 */
import { htons } from '../../include/linux/byteorder/generic.ts';
import type { Machine } from '../../include/linux/machine.ts';
import { machine_var } from '../../include/linux/machine.ts';
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_U32 } from '../../include/linux/netfilter/nfnetlink.ts';
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
	nft_out,
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
	NF_INET_POST_ROUTING,
} from '../../include/uapi/linux/netfilter.ts';
import { NF_NAT_RANGE_MASK } from '../../include/uapi/linux/netfilter/nf_nat.ts';
import {
	NFTA_MASQ_FLAGS,
	NFTA_MASQ_MAX,
	NFTA_MASQ_REG_PROTO_MAX,
	NFTA_MASQ_REG_PROTO_MIN,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { nf_ct_netns_get, nf_ct_netns_put } from './nf_conntrack_proto.ts';
import {
	nf_nat_masquerade_inet_register_notifiers,
	nf_nat_masquerade_ipv4,
	nf_nat_masquerade_ipv6,
} from './nf_nat_masquerade.ts';
import {
	nft_chain_validate_dependency,
	nft_chain_validate_hooks,
	nft_dump_register,
	nft_parse_register,
	nft_register_expr,
	nft_validate_register_load,
} from './nf_tables_api.ts';

/** masq; word index 0 of a register means absent */
class nft_masq {
	/** NF_NAT_RANGE_* */
	flags = 0;
	sreg_proto_min = 0;
	sreg_proto_max = 0;
}

/** Bytes that a port's register must have: those of an address, as in the base. */
const NFT_MASQ_PLEN = 16;

/* a variable on the stack in C */
const range_var = machine_var(() => new nf_nat_range2());

const nft_masq_policy: nla_policy = {
	[NFTA_MASQ_FLAGS]: { type: NLA_U32 },
	[NFTA_MASQ_REG_PROTO_MIN]: { type: NLA_U32 },
	[NFTA_MASQ_REG_PROTO_MAX]: { type: NLA_U32 },
};

/**
 * Checks that the chain does NAT where packets leave.
 * @returns 0, -EOPNOTSUPP
 * @kernel net/netfilter/nft_masq.c:28 (v5.10)
 */
function nft_masq_validate(ctx: nft_ctx): number {
	const err = nft_chain_validate_dependency(ctx.chain!, NFT_CHAIN_T_NAT);
	if (err < 0) return err;

	return nft_chain_validate_hooks(ctx.chain!, 1 << NF_INET_POST_ROUTING);
}

/**
 * Sets it up.
 * @returns 0, -EINVAL, -ERANGE, or what switching connection tracking on says
 * @kernel net/netfilter/nft_masq.c:42 (v5.10)
 */
function nft_masq_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_masq>(expr);
	let err: number;

	if (tb.has(NFTA_MASQ_FLAGS)) {
		priv.flags = nla_get_u32(tb, NFTA_MASQ_FLAGS)!;
		if ((priv.flags & ~NF_NAT_RANGE_MASK) !== 0) return -EINVAL;
	}

	if (tb.has(NFTA_MASQ_REG_PROTO_MIN)) {
		priv.sreg_proto_min = nft_parse_register(tb, NFTA_MASQ_REG_PROTO_MIN);
		err = nft_validate_register_load(priv.sreg_proto_min, NFT_MASQ_PLEN);
		if (err < 0) return err;

		if (tb.has(NFTA_MASQ_REG_PROTO_MAX)) {
			priv.sreg_proto_max = nft_parse_register(tb, NFTA_MASQ_REG_PROTO_MAX);
			err = nft_validate_register_load(priv.sreg_proto_max, NFT_MASQ_PLEN);
			if (err < 0) return err;
		} else {
			priv.sreg_proto_max = priv.sreg_proto_min;
		}
	}

	return nf_ct_netns_get(ctx.net, ctx.family);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_masq.c:80 (v5.10)
 */
function nft_masq_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_masq>(expr);

	if (priv.flags !== 0) nla_put_u32(tb, NFTA_MASQ_FLAGS, priv.flags);

	if (priv.sreg_proto_min !== 0) {
		nft_dump_register(tb, NFTA_MASQ_REG_PROTO_MIN, priv.sreg_proto_min);
		nft_dump_register(tb, NFTA_MASQ_REG_PROTO_MAX, priv.sreg_proto_max);
	}
	return 0;
}

/**
 * Fills a range.
 * @kernel PORT: what nft_masq_ipv4_eval() and nft_masq_ipv6_eval() have in common
 */
function nft_masq_range(priv: nft_masq, regs: nft_regs, pkt: nft_pktinfo): nf_nat_range2 {
	const range = range_var.of(pkt.skb.machine);
	range.flags = priv.flags;
	range.min_proto = htons(0);
	range.max_proto = htons(0);
	if (priv.sreg_proto_min !== 0) {
		range.min_proto = htons(nft_reg_load_be16(regs, priv.sreg_proto_min));
		range.max_proto = htons(nft_reg_load_be16(regs, priv.sreg_proto_max));
	}
	return range;
}

/**
 * Settles NAT of an IPv4 connection.
 * @kernel net/netfilter/nft_masq.c:102 (v5.10)
 */
function nft_masq_ipv4_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const range = nft_masq_range(nft_expr_priv<nft_masq>(expr), regs, pkt);
	regs.verdict.code = nf_nat_masquerade_ipv4(pkt.skb, nft_hook(pkt), range, nft_out(pkt)!);
}

/**
 * Lets connection tracking go.
 * @kernel net/netfilter/nft_masq.c:122 (v5.10)
 */
function nft_masq_ipv4_destroy(ctx: nft_ctx): void {
	nf_ct_netns_put(ctx.net, NFPROTO_IPV4);
}

/**
 * Settles NAT of an IPv6 connection.
 * @kernel net/netfilter/nft_masq.c:148 (v5.10)
 */
function nft_masq_ipv6_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const range = nft_masq_range(nft_expr_priv<nft_masq>(expr), regs, pkt);
	regs.verdict.code = nf_nat_masquerade_ipv6(pkt.skb, range, nft_out(pkt)!);
}

const nft_masq_ipv4_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_masq_ipv4_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_masq(),
	eval: nft_masq_ipv4_eval,
	init: nft_masq_init,
	destroy: nft_masq_ipv4_destroy,
	dump: nft_masq_dump,
	validate: nft_masq_validate,
};

const nft_masq_ipv4_type: nft_expr_type = {
	family: NFPROTO_IPV4,
	name: 'masq',
	ops: nft_masq_ipv4_ops,
	policy: nft_masq_policy,
	maxattr: NFTA_MASQ_MAX,
};

/**
 * Lets connection tracking go.
 * @kernel net/netfilter/nft_masq.c:168 (v5.10)
 */
function nft_masq_ipv6_destroy(ctx: nft_ctx): void {
	nf_ct_netns_put(ctx.net, NFPROTO_IPV6);
}

/**
 * Settles NAT by the family of the packet.
 * @kernel net/netfilter/nft_masq.c:208 (v5.10)
 */
function nft_masq_inet_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	switch (nft_pf(pkt)) {
		case NFPROTO_IPV4:
			nft_masq_ipv4_eval(expr, regs, pkt);
			return;
		case NFPROTO_IPV6:
			nft_masq_ipv6_eval(expr, regs, pkt);
			return;
	}

	pkt.skb.machine.record('WARN', 'nft_masq_inet_eval', 'family', pkt.skb);
}

const nft_masq_ipv6_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_masq_ipv6_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_masq(),
	eval: nft_masq_ipv6_eval,
	init: nft_masq_init,
	destroy: nft_masq_ipv6_destroy,
	dump: nft_masq_dump,
	validate: nft_masq_validate,
};

const nft_masq_ipv6_type: nft_expr_type = {
	family: NFPROTO_IPV6,
	name: 'masq',
	ops: nft_masq_ipv6_ops,
	policy: nft_masq_policy,
	maxattr: NFTA_MASQ_MAX,
};

/**
 * Lets connection tracking go.
 * @kernel net/netfilter/nft_masq.c:223 (v5.10)
 */
function nft_masq_inet_destroy(ctx: nft_ctx): void {
	nf_ct_netns_put(ctx.net, NFPROTO_INET);
}

const nft_masq_inet_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_masq_inet_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_masq(),
	eval: nft_masq_inet_eval,
	init: nft_masq_init,
	destroy: nft_masq_inet_destroy,
	dump: nft_masq_dump,
	validate: nft_masq_validate,
};

const nft_masq_inet_type: nft_expr_type = {
	family: NFPROTO_INET,
	name: 'masq',
	ops: nft_masq_inet_ops,
	policy: nft_masq_policy,
	maxattr: NFTA_MASQ_MAX,
};

/**
 * Registers the expressions and begins to listen for addresses that go.
 * @returns 0 or -errno
 * @kernel net/netfilter/nft_masq.c:262 (v5.10)
 */
export function nft_masq_module_init(m: Machine): number {
	let ret = nft_register_expr(m, nft_masq_ipv6_type);
	if (ret < 0) return ret;

	ret = nft_register_expr(m, nft_masq_inet_type);
	if (ret < 0) return ret;

	ret = nft_register_expr(m, nft_masq_ipv4_type);
	if (ret < 0) return ret;

	return nf_nat_masquerade_inet_register_notifiers(m);
}
