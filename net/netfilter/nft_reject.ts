// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_reject.c, base v5.10.
 *
 * Expression reject: what the families have in common.
 */
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_U32, NLA_U8 } from '../../include/linux/netfilter/nfnetlink.ts';
import type { nft_ctx, nft_expr } from '../../include/net/netfilter/nf_tables.ts';
import { nft_expr_priv } from '../../include/net/netfilter/nf_tables.ts';
import type { nft_reject } from '../../include/net/netfilter/nft_reject.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_get_u32, nla_get_u8, nla_put_u32, nla_put_u8 } from '../../include/net/netlink.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import {
	ICMP_HOST_UNREACH,
	ICMP_NET_UNREACH,
	ICMP_PKT_FILTERED,
	ICMP_PORT_UNREACH,
} from '../../include/uapi/linux/icmp.ts';
import {
	ICMPV6_ADDR_UNREACH,
	ICMPV6_ADM_PROHIBITED,
	ICMPV6_NOROUTE,
	ICMPV6_PORT_UNREACH,
} from '../../include/uapi/linux/icmpv6.ts';
import {
	NF_INET_FORWARD,
	NF_INET_LOCAL_IN,
	NF_INET_LOCAL_OUT,
	NF_INET_PRE_ROUTING,
} from '../../include/uapi/linux/netfilter.ts';
import {
	NFTA_REJECT_ICMP_CODE,
	NFTA_REJECT_TYPE,
	NFT_REJECT_ICMPX_MAX,
	NFT_REJECT_ICMP_UNREACH,
	NFT_REJECT_TCP_RST,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { nft_chain_validate_hooks } from './nf_tables_api.ts';

export const nft_reject_policy: nla_policy = {
	[NFTA_REJECT_TYPE]: { type: NLA_U32 },
	[NFTA_REJECT_ICMP_CODE]: { type: NLA_U8 },
};

/**
 * Checks that the chain sees packets that can be answered.
 * @returns 0, -EOPNOTSUPP
 * @kernel net/netfilter/nft_reject.c:26 (v5.10)
 */
export function nft_reject_validate(ctx: nft_ctx): number {
	return nft_chain_validate_hooks(
		ctx.chain!,
		(1 << NF_INET_LOCAL_IN) |
			(1 << NF_INET_FORWARD) |
			(1 << NF_INET_LOCAL_OUT) |
			(1 << NF_INET_PRE_ROUTING),
	);
}

/**
 * Sets it up.
 * @returns 0, -EINVAL
 * @kernel net/netfilter/nft_reject.c:38 (v5.10)
 */
export function nft_reject_init(_ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_reject>(expr);

	const type = nla_get_u32(tb, NFTA_REJECT_TYPE);
	if (type === null) return -EINVAL;

	priv.type = type;
	switch (priv.type) {
		case NFT_REJECT_ICMP_UNREACH: {
			const icmp_code = nla_get_u8(tb, NFTA_REJECT_ICMP_CODE);
			if (icmp_code === null) return -EINVAL;
			priv.icmp_code = icmp_code;
			break;
		}
		case NFT_REJECT_TCP_RST:
			break;
		default:
			return -EINVAL;
	}
	return 0;
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_reject.c:63 (v5.10)
 */
export function nft_reject_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_reject>(expr);

	nla_put_u32(tb, NFTA_REJECT_TYPE, priv.type);

	switch (priv.type) {
		case NFT_REJECT_ICMP_UNREACH:
			nla_put_u8(tb, NFTA_REJECT_ICMP_CODE, priv.icmp_code);
			break;
		default:
			break;
	}
	return 0;
}

/* by NFT_REJECT_ICMPX_* */
const icmp_code_v4: readonly number[] = [
	ICMP_NET_UNREACH,
	ICMP_PORT_UNREACH,
	ICMP_HOST_UNREACH,
	ICMP_PKT_FILTERED,
];

/**
 * ICMP code of an abstract one.
 * @param code NFT_REJECT_ICMPX_*
 * @kernel net/netfilter/nft_reject.c:93 (v5.10)
 */
export function nft_reject_icmp_code(code: number): number {
	return code > NFT_REJECT_ICMPX_MAX ? ICMP_NET_UNREACH : icmp_code_v4[code];
}

/* by NFT_REJECT_ICMPX_* */
const icmp_code_v6: readonly number[] = [
	ICMPV6_NOROUTE,
	ICMPV6_PORT_UNREACH,
	ICMPV6_ADDR_UNREACH,
	ICMPV6_ADM_PROHIBITED,
];

/**
 * ICMPv6 code of an abstract one.
 * @param code NFT_REJECT_ICMPX_*
 * @kernel net/netfilter/nft_reject.c:111 (v5.10)
 */
export function nft_reject_icmpv6_code(code: number): number {
	return code > NFT_REJECT_ICMPX_MAX ? ICMPV6_NOROUTE : icmp_code_v6[code];
}
