// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_reject_inet.c, base v5.10.
 *
 * Expression reject of inet tables.
 */
import type { Machine } from '../../include/linux/machine.ts';
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
	nft_net,
	nft_pf,
} from '../../include/net/netfilter/nf_tables.ts';
import { nft_reject } from '../../include/net/netfilter/nft_reject.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_get_u32, nla_get_u8, nla_put_u32, nla_put_u8 } from '../../include/net/netlink.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import {
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
	NF_DROP,
} from '../../include/uapi/linux/netfilter.ts';
import {
	NFTA_REJECT_ICMP_CODE,
	NFTA_REJECT_MAX,
	NFTA_REJECT_TYPE,
	NFT_REJECT_ICMPX_MAX,
	NFT_REJECT_ICMPX_UNREACH,
	NFT_REJECT_ICMP_UNREACH,
	NFT_REJECT_TCP_RST,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { nf_send_reset, nf_send_unreach } from '../ipv4/netfilter/nf_reject_ipv4.ts';
import { nf_send_reset6, nf_send_unreach6 } from '../ipv6/netfilter/nf_reject_ipv6.ts';
import { nft_register_expr } from './nf_tables_api.ts';
import {
	nft_reject_icmp_code,
	nft_reject_icmpv6_code,
	nft_reject_policy,
	nft_reject_validate,
} from './nft_reject.ts';

/**
 * Answers and drops.
 * @kernel net/netfilter/nft_reject_inet.c:17 (v5.10)
 */
function nft_reject_inet_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_reject>(expr);
	const { skb } = pkt;

	switch (nft_pf(pkt)) {
		case NFPROTO_IPV4:
			switch (priv.type) {
				case NFT_REJECT_ICMP_UNREACH:
					nf_send_unreach(skb, priv.icmp_code, nft_hook(pkt));
					break;
				case NFT_REJECT_TCP_RST:
					nf_send_reset(nft_net(pkt), skb, nft_hook(pkt));
					break;
				case NFT_REJECT_ICMPX_UNREACH:
					nf_send_unreach(
						skb,
						nft_reject_icmp_code(priv.icmp_code),
						nft_hook(pkt),
					);
					break;
			}
			break;
		case NFPROTO_IPV6:
			switch (priv.type) {
				case NFT_REJECT_ICMP_UNREACH:
					nf_send_unreach6(
						nft_net(pkt),
						skb,
						priv.icmp_code,
						nft_hook(pkt),
					);
					break;
				case NFT_REJECT_TCP_RST:
					nf_send_reset6(nft_net(pkt), skb, nft_hook(pkt));
					break;
				case NFT_REJECT_ICMPX_UNREACH:
					nf_send_unreach6(
						nft_net(pkt),
						skb,
						nft_reject_icmpv6_code(priv.icmp_code),
						nft_hook(pkt),
					);
					break;
			}
			break;
	}

	regs.verdict.code = NF_DROP;
}

/**
 * Sets it up.
 * @returns 0, -EINVAL
 * @kernel net/netfilter/nft_reject_inet.c:61 (v5.10)
 */
function nft_reject_inet_init(_ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_reject>(expr);

	const type = nla_get_u32(tb, NFTA_REJECT_TYPE);
	if (type === null) return -EINVAL;

	priv.type = type;
	switch (priv.type) {
		case NFT_REJECT_ICMP_UNREACH:
		case NFT_REJECT_ICMPX_UNREACH: {
			const icmp_code = nla_get_u8(tb, NFTA_REJECT_ICMP_CODE);
			if (icmp_code === null) return -EINVAL;

			if (
				priv.type === NFT_REJECT_ICMPX_UNREACH &&
				icmp_code > NFT_REJECT_ICMPX_MAX
			)
				return -EINVAL;

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
 * @kernel net/netfilter/nft_reject_inet.c:93 (v5.10)
 */
function nft_reject_inet_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_reject>(expr);

	nla_put_u32(tb, NFTA_REJECT_TYPE, priv.type);

	switch (priv.type) {
		case NFT_REJECT_ICMP_UNREACH:
		case NFT_REJECT_ICMPX_UNREACH:
			nla_put_u8(tb, NFTA_REJECT_ICMP_CODE, priv.icmp_code);
			break;
		default:
			break;
	}
	return 0;
}

const nft_reject_inet_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_reject_inet_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_reject(),
	eval: nft_reject_inet_eval,
	init: nft_reject_inet_init,
	dump: nft_reject_inet_dump,
	validate: nft_reject_validate,
};

const nft_reject_inet_type: nft_expr_type = {
	family: NFPROTO_INET,
	name: 'reject',
	ops: nft_reject_inet_ops,
	policy: nft_reject_policy,
	maxattr: NFTA_REJECT_MAX,
};

/**
 * Registers the expression.
 * @returns 0 or -errno
 * @kernel net/netfilter/nft_reject_inet.c:136 (v5.10)
 */
export function nft_reject_inet_module_init(m: Machine): number {
	return nft_register_expr(m, nft_reject_inet_type);
}
