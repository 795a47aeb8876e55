// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_fib_inet.c, base v5.10.
 *
 * Expression fib of inet tables.
 */
import type { Machine } from '../../include/linux/machine.ts';
import type {
	nft_expr_ops,
	nft_expr_type,
	nft_expr,
	nft_pktinfo,
	nft_regs,
} from '../../include/net/netfilter/nf_tables.ts';
import { NFT_EXPR_SIZE, nft_expr_priv, nft_pf } from '../../include/net/netfilter/nf_tables.ts';
import { nft_fib } from '../../include/net/netfilter/nft_fib.ts';
import {
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
	NF_DROP,
} from '../../include/uapi/linux/netfilter.ts';
import {
	NFTA_FIB_MAX,
	NFT_FIB_RESULT_ADDRTYPE,
	NFT_FIB_RESULT_OIF,
	NFT_FIB_RESULT_OIFNAME,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { nft_fib4_eval, nft_fib4_eval_type } from '../ipv4/netfilter/nft_fib_ipv4.ts';
import { nft_fib6_eval, nft_fib6_eval_type } from '../ipv6/netfilter/nft_fib_ipv6.ts';
import { nft_register_expr } from './nf_tables_api.ts';
import { nft_fib_dump, nft_fib_init, nft_fib_policy, nft_fib_validate } from './nft_fib.ts';

/**
 * Looks up; another family drops the packet.
 * @kernel net/netfilter/nft_fib_inet.c:14 (v5.10)
 */
function nft_fib_inet_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_fib>(expr);

	switch (nft_pf(pkt)) {
		case NFPROTO_IPV4:
			switch (priv.result) {
				case NFT_FIB_RESULT_OIF:
				case NFT_FIB_RESULT_OIFNAME:
					nft_fib4_eval(expr, regs, pkt);
					return;
				case NFT_FIB_RESULT_ADDRTYPE:
					nft_fib4_eval_type(expr, regs, pkt);
					return;
			}
			break;
		case NFPROTO_IPV6:
			switch (priv.result) {
				case NFT_FIB_RESULT_OIF:
				case NFT_FIB_RESULT_OIFNAME:
					nft_fib6_eval(expr, regs, pkt);
					return;
				case NFT_FIB_RESULT_ADDRTYPE:
					nft_fib6_eval_type(expr, regs, pkt);
					return;
			}
			break;
	}

	regs.verdict.code = NF_DROP;
}

const nft_fib_inet_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_fib_inet_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_fib(),
	eval: nft_fib_inet_eval,
	init: nft_fib_init,
	dump: nft_fib_dump,
	validate: nft_fib_validate,
};

const nft_fib_inet_type: nft_expr_type = {
	family: NFPROTO_INET,
	name: 'fib',
	ops: nft_fib_inet_ops,
	policy: nft_fib_policy,
	maxattr: NFTA_FIB_MAX,
};

/**
 * Registers the expression.
 * @returns 0 or -errno
 * @kernel net/netfilter/nft_fib_inet.c:63 (v5.10)
 */
export function nft_fib_inet_module_init(m: Machine): number {
	return nft_register_expr(m, nft_fib_inet_type);
}
