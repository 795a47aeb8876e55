// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/netfilter/nft_reject_ipv4.c, base v5.10.
 *
 * Expression reject of IPv4 tables.
 */
import type { Machine } from '../../../include/linux/machine.ts';
import type {
	nft_expr_ops,
	nft_expr_type,
	nft_expr,
	nft_pktinfo,
	nft_regs,
} from '../../../include/net/netfilter/nf_tables.ts';
import {
	NFT_EXPR_SIZE,
	nft_expr_priv,
	nft_hook,
	nft_net,
} from '../../../include/net/netfilter/nf_tables.ts';
import { nft_reject } from '../../../include/net/netfilter/nft_reject.ts';
import { NFPROTO_IPV4, NF_DROP } from '../../../include/uapi/linux/netfilter.ts';
import {
	NFTA_REJECT_MAX,
	NFT_REJECT_ICMP_UNREACH,
	NFT_REJECT_TCP_RST,
} from '../../../include/uapi/linux/netfilter/nf_tables.ts';
import { nf_send_reset, nf_send_unreach } from './nf_reject_ipv4.ts';
import { nft_register_expr } from '../../netfilter/nf_tables_api.ts';
import {
	nft_reject_dump,
	nft_reject_init,
	nft_reject_policy,
	nft_reject_validate,
} from '../../netfilter/nft_reject.ts';

/**
 * Answers and drops.
 * @kernel net/ipv4/netfilter/nft_reject_ipv4.c:19 (v5.10)
 */
function nft_reject_ipv4_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_reject>(expr);

	switch (priv.type) {
		case NFT_REJECT_ICMP_UNREACH:
			nf_send_unreach(pkt.skb, priv.icmp_code, nft_hook(pkt));
			break;
		case NFT_REJECT_TCP_RST:
			nf_send_reset(nft_net(pkt), pkt.skb, nft_hook(pkt));
			break;
		default:
			break;
	}

	regs.verdict.code = NF_DROP;
}

const nft_reject_ipv4_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_reject_ipv4_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_reject(),
	eval: nft_reject_ipv4_eval,
	init: nft_reject_init,
	dump: nft_reject_dump,
	validate: nft_reject_validate,
};

const nft_reject_ipv4_type: nft_expr_type = {
	family: NFPROTO_IPV4,
	name: 'reject',
	ops: nft_reject_ipv4_ops,
	policy: nft_reject_policy,
	maxattr: NFTA_REJECT_MAX,
};

/**
 * Registers the expression.
 * @returns 0 or -errno
 * @kernel net/ipv4/netfilter/nft_reject_ipv4.c:58 (v5.10)
 */
export function nft_reject_ipv4_module_init(m: Machine): number {
	return nft_register_expr(m, nft_reject_ipv4_type);
}
