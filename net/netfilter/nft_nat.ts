// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_nat.c, base v5.10.
 *
 * Expression nat: settles source or destination NAT of a connection by registers.
 */
import { get_unaligned_be32, htons } from '../../include/linux/byteorder/generic.ts';
import { ip_hdr } from '../../include/linux/ip.ts';
import { ipv6_hdr } from '../../include/linux/ipv6.ts';
import type { Machine } from '../../include/linux/machine.ts';
import { machine_var } from '../../include/linux/machine.ts';
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_U32 } from '../../include/linux/netfilter/nfnetlink.ts';
import { AF_INET, AF_INET6 } from '../../include/linux/socket.ts';
import { nf_ct_get } from '../../include/net/netfilter/nf_conntrack.ts';
import {
	NF_NAT_MANIP_DST,
	NF_NAT_MANIP_SRC,
	nf_nat_range2,
} from '../../include/net/netfilter/nf_nat.ts';
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
	nft_pf,
	nft_reg_load_be16,
} from '../../include/net/netfilter/nf_tables.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_get_u32, nla_put_u32 } from '../../include/net/netlink.ts';
import { EAFNOSUPPORT, EINVAL, EOPNOTSUPP } from '../../include/uapi/linux/errno.ts';
import { IPHDR_daddr, IPHDR_saddr } from '../../include/uapi/linux/ip.ts';
import { IPV6HDR_daddr, IPV6HDR_saddr } from '../../include/uapi/linux/ipv6.ts';
import {
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
	NF_INET_LOCAL_IN,
	NF_INET_LOCAL_OUT,
	NF_INET_POST_ROUTING,
	NF_INET_PRE_ROUTING,
} from '../../include/uapi/linux/netfilter.ts';
import {
	NF_NAT_RANGE_MAP_IPS,
	NF_NAT_RANGE_MASK,
	NF_NAT_RANGE_NETMAP,
	NF_NAT_RANGE_PROTO_SPECIFIED,
} from '../../include/uapi/linux/netfilter/nf_nat.ts';
import {
	NFTA_NAT_FAMILY,
	NFTA_NAT_FLAGS,
	NFTA_NAT_MAX,
	NFTA_NAT_REG_ADDR_MAX,
	NFTA_NAT_REG_ADDR_MIN,
	NFTA_NAT_REG_PROTO_MAX,
	NFTA_NAT_REG_PROTO_MIN,
	NFTA_NAT_TYPE,
	NFT_NAT_DNAT,
	NFT_NAT_SNAT,
	NFT_REG32_SIZE,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { nf_ct_netns_get, nf_ct_netns_put } from './nf_conntrack_proto.ts';
import { nf_nat_setup_info } from './nf_nat_core.ts';
import {
	nft_chain_validate_dependency,
	nft_chain_validate_hooks,
	nft_dump_register,
	nft_parse_register,
	nft_register_expr,
	nft_validate_register_load,
} from './nf_tables_api.ts';

/** nat; word index 0 of a register means absent */
class nft_nat {
	sreg_addr_min = 0;
	sreg_addr_max = 0;
	sreg_proto_min = 0;
	sreg_proto_max = 0;
	/** NF_NAT_MANIP_* */
	type = 0;
	/** NFPROTO_* */
	family = 0;
	/** NF_NAT_RANGE_* */
	flags = 0;
}

/** Bytes that a port's register must have: those of an address, as in the base. */
const NFT_NAT_PLEN = 16;

/* a variable on the stack in C */
const range_var = machine_var(() => new nf_nat_range2());

/**
 * Takes the addresses from the registers.
 * @kernel net/netfilter/nft_nat.c:33 (v5.10)
 */
function nft_nat_setup_addr(range: nf_nat_range2, regs: nft_regs, priv: nft_nat): void {
	const min = priv.sreg_addr_min * NFT_REG32_SIZE;
	const max = priv.sreg_addr_max * NFT_REG32_SIZE;
	switch (priv.family) {
		case AF_INET:
			range.min_addr.ip = get_unaligned_be32(regs.data8, min);
			range.max_addr.ip = get_unaligned_be32(regs.data8, max);
			break;
		case AF_INET6:
			range.min_addr.set_in6(regs.data8, min);
			range.max_addr.set_in6(regs.data8, max);
			break;
	}
}

/**
 * Takes the ports from the registers.
 * @kernel net/netfilter/nft_nat.c:53 (v5.10)
 */
function nft_nat_setup_proto(range: nf_nat_range2, regs: nft_regs, priv: nft_nat): void {
	range.min_proto = htons(nft_reg_load_be16(regs, priv.sreg_proto_min));
	range.max_proto = htons(nft_reg_load_be16(regs, priv.sreg_proto_max));
}

/**
 * Maps a network: keeps those bits of the packet's address in which the range's ends differ.
 * @kernel net/netfilter/nft_nat.c:63 (v5.10)
 */
function nft_nat_setup_netmap(range: nf_nat_range2, pkt: nft_pktinfo, priv: nft_nat): void {
	const skb = pkt.skb;
	const v4 = nft_pf(pkt) === NFPROTO_IPV4;
	const words = v4 ? 1 : 4;
	let at: number;
	if (priv.type === NF_NAT_MANIP_SRC)
		at = v4 ? ip_hdr(skb) + IPHDR_saddr : ipv6_hdr(skb) + IPV6HDR_saddr;
	else at = v4 ? ip_hdr(skb) + IPHDR_daddr : ipv6_hdr(skb) + IPV6HDR_daddr;

	const { min_addr, max_addr } = range;
	for (let i = 0; i < words; i++) {
		const netmask = ~(min_addr.word(i) ^ max_addr.word(i));
		let v = get_unaligned_be32(skb.head, at + 4 * i) & ~netmask;
		v |= min_addr.word(i) & netmask;
		min_addr.set_word(i, v);
		max_addr.set_word(i, v);
	}
}

/**
 * Settles NAT.
 * @kernel net/netfilter/nft_nat.c:103 (v5.10)
 */
function nft_nat_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_nat>(expr);
	const ct = nf_ct_get(pkt.skb);
	const range = range_var.of(pkt.skb.machine);

	/* NAT chains see only tracked packets. */
	if (ct === null) return;

	range.min_addr.clear();
	range.max_addr.clear();
	range.min_proto = htons(0);
	range.max_proto = htons(0);

	if (priv.sreg_addr_min !== 0) {
		nft_nat_setup_addr(range, regs, priv);
		if ((priv.flags & NF_NAT_RANGE_NETMAP) !== 0)
			nft_nat_setup_netmap(range, pkt, priv);
	}

	if (priv.sreg_proto_min !== 0) nft_nat_setup_proto(range, regs, priv);

	range.flags = priv.flags;

	regs.verdict.code = nf_nat_setup_info(ct, range, priv.type);
}

const nft_nat_policy: nla_policy = {
	[NFTA_NAT_TYPE]: { type: NLA_U32 },
	[NFTA_NAT_FAMILY]: { type: NLA_U32 },
	[NFTA_NAT_REG_ADDR_MIN]: { type: NLA_U32 },
	[NFTA_NAT_REG_ADDR_MAX]: { type: NLA_U32 },
	[NFTA_NAT_REG_PROTO_MIN]: { type: NLA_U32 },
	[NFTA_NAT_REG_PROTO_MAX]: { type: NLA_U32 },
	[NFTA_NAT_FLAGS]: { type: NLA_U32 },
};

/**
 * Checks that the chain does NAT, at a hook of this kind of it.
 * @returns 0, -EOPNOTSUPP
 * @kernel net/netfilter/nft_nat.c:138 (v5.10)
 */
function nft_nat_validate(ctx: nft_ctx, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_nat>(expr);
	const chain = ctx.chain!;

	const err = nft_chain_validate_dependency(chain, NFT_CHAIN_T_NAT);
	if (err < 0) return err;

	switch (priv.type) {
		case NF_NAT_MANIP_SRC:
			return nft_chain_validate_hooks(
				chain,
				(1 << NF_INET_POST_ROUTING) | (1 << NF_INET_LOCAL_IN),
			);
		case NF_NAT_MANIP_DST:
			return nft_chain_validate_hooks(
				chain,
				(1 << NF_INET_PRE_ROUTING) | (1 << NF_INET_LOCAL_OUT),
			);
	}
	return err;
}

/**
 * Sets it up.
 * @returns 0, -EINVAL, -EOPNOTSUPP, -EAFNOSUPPORT, -ERANGE, or what switching connection tracking on says
 * @kernel net/netfilter/nft_nat.c:165 (v5.10)
 */
function nft_nat_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_nat>(expr);
	let alen: number;
	let err: number;

	const type = nla_get_u32(tb, NFTA_NAT_TYPE);
	if (type === null || (!tb.has(NFTA_NAT_REG_ADDR_MIN) && !tb.has(NFTA_NAT_REG_PROTO_MIN)))
		return -EINVAL;

	switch (type) {
		case NFT_NAT_SNAT:
			priv.type = NF_NAT_MANIP_SRC;
			break;
		case NFT_NAT_DNAT:
			priv.type = NF_NAT_MANIP_DST;
			break;
		default:
			return -EOPNOTSUPP;
	}

	const family = nla_get_u32(tb, NFTA_NAT_FAMILY);
	if (family === null) return -EINVAL;

	if (ctx.family !== NFPROTO_INET && ctx.family !== family) return -EOPNOTSUPP;

	switch (family) {
		case NFPROTO_IPV4:
			alen = 4;
			break;
		case NFPROTO_IPV6:
			alen = 16;
			break;
		default:
			return -EAFNOSUPPORT;
	}
	priv.family = family;

	if (tb.has(NFTA_NAT_REG_ADDR_MIN)) {
		priv.sreg_addr_min = nft_parse_register(tb, NFTA_NAT_REG_ADDR_MIN);
		err = nft_validate_register_load(priv.sreg_addr_min, alen);
		if (err < 0) return err;

		if (tb.has(NFTA_NAT_REG_ADDR_MAX)) {
			priv.sreg_addr_max = nft_parse_register(tb, NFTA_NAT_REG_ADDR_MAX);
			err = nft_validate_register_load(priv.sreg_addr_max, alen);
			if (err < 0) return err;
		} else {
			priv.sreg_addr_max = priv.sreg_addr_min;
		}

		priv.flags |= NF_NAT_RANGE_MAP_IPS;
	}

	if (tb.has(NFTA_NAT_REG_PROTO_MIN)) {
		priv.sreg_proto_min = nft_parse_register(tb, NFTA_NAT_REG_PROTO_MIN);
		err = nft_validate_register_load(priv.sreg_proto_min, NFT_NAT_PLEN);
		if (err < 0) return err;

		if (tb.has(NFTA_NAT_REG_PROTO_MAX)) {
			priv.sreg_proto_max = nft_parse_register(tb, NFTA_NAT_REG_PROTO_MAX);
			err = nft_validate_register_load(priv.sreg_proto_max, NFT_NAT_PLEN);
			if (err < 0) return err;
		} else {
			priv.sreg_proto_max = priv.sreg_proto_min;
		}

		priv.flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
	}

	if (tb.has(NFTA_NAT_FLAGS)) {
		/* u16 in C */
		priv.flags |= nla_get_u32(tb, NFTA_NAT_FLAGS)! & 0xffff;
		if ((priv.flags & ~NF_NAT_RANGE_MASK) !== 0) return -EOPNOTSUPP;
	}

	return nf_ct_netns_get(ctx.net, family);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_nat.c:263 (v5.10)
 */
function nft_nat_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_nat>(expr);

	nla_put_u32(
		tb,
		NFTA_NAT_TYPE,
		priv.type === NF_NAT_MANIP_SRC ? NFT_NAT_SNAT : NFT_NAT_DNAT,
	);
	nla_put_u32(tb, NFTA_NAT_FAMILY, priv.family);

	if (priv.sreg_addr_min !== 0) {
		nft_dump_register(tb, NFTA_NAT_REG_ADDR_MIN, priv.sreg_addr_min);
		nft_dump_register(tb, NFTA_NAT_REG_ADDR_MAX, priv.sreg_addr_max);
	}

	if (priv.sreg_proto_min !== 0) {
		nft_dump_register(tb, NFTA_NAT_REG_PROTO_MIN, priv.sreg_proto_min);
		nft_dump_register(tb, NFTA_NAT_REG_PROTO_MAX, priv.sreg_proto_max);
	}

	if (priv.flags !== 0) nla_put_u32(tb, NFTA_NAT_FLAGS, priv.flags);
	return 0;
}

/**
 * Lets connection tracking go.
 * @kernel net/netfilter/nft_nat.c:309 (v5.10)
 */
function nft_nat_destroy(ctx: nft_ctx, expr: nft_expr): void {
	nf_ct_netns_put(ctx.net, nft_expr_priv<nft_nat>(expr).family);
}

const nft_nat_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_nat_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_nat(),
	eval: nft_nat_eval,
	init: nft_nat_init,
	destroy: nft_nat_destroy,
	dump: nft_nat_dump,
	validate: nft_nat_validate,
};

const nft_nat_type: nft_expr_type = {
	name: 'nat',
	ops: nft_nat_ops,
	policy: nft_nat_policy,
	maxattr: NFTA_NAT_MAX,
};

/**
 * Settles NAT of packets of the expression's family.
 * @kernel net/netfilter/nft_nat.c:336 (v5.10)
 */
function nft_nat_inet_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_nat>(expr);

	if (priv.family === nft_pf(pkt)) nft_nat_eval(expr, regs, pkt);
}

const nft_nat_inet_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_nat_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_nat(),
	eval: nft_nat_inet_eval,
	init: nft_nat_init,
	destroy: nft_nat_destroy,
	dump: nft_nat_dump,
	validate: nft_nat_validate,
};

const nft_inet_nat_type: nft_expr_type = {
	name: 'nat',
	family: NFPROTO_INET,
	ops: nft_nat_inet_ops,
	policy: nft_nat_policy,
	maxattr: NFTA_NAT_MAX,
};

/**
 * Registers the expression for inet.
 * @returns 0 or -errno
 * @kernel net/netfilter/nft_nat.c:365 (v5.10)
 */
function nft_nat_inet_module_init(m: Machine): number {
	return nft_register_expr(m, nft_inet_nat_type);
}

/**
 * Registers the expression.
 * @returns 0 or -errno
 * @kernel net/netfilter/nft_nat.c:379 (v5.10)
 */
export function nft_nat_module_init(m: Machine): number {
	const ret = nft_nat_inet_module_init(m);
	if (ret !== 0) return ret;

	return nft_register_expr(m, nft_nat_type);
}
