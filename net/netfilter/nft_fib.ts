// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_fib.c, base v5.10.
 *
 * Expression fib: what the families have in common.
 */
import type { net_device } from '../../include/linux/netdevice.ts';
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_U32 } from '../../include/linux/netfilter/nfnetlink.ts';
import type { nft_ctx, nft_expr, nft_regs } from '../../include/net/netfilter/nf_tables.ts';
import { nft_expr_priv, nft_reg_store_name } from '../../include/net/netfilter/nf_tables.ts';
import type { nft_fib } from '../../include/net/netfilter/nft_fib.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_get_u32, nla_put_u32 } from '../../include/net/netlink.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import { IFNAMSIZ } from '../../include/uapi/linux/if.ts';
import {
	NF_INET_FORWARD,
	NF_INET_LOCAL_IN,
	NF_INET_LOCAL_OUT,
	NF_INET_POST_ROUTING,
	NF_INET_PRE_ROUTING,
} from '../../include/uapi/linux/netfilter.ts';
import {
	NFTA_FIB_DREG,
	NFTA_FIB_FLAGS,
	NFTA_FIB_F_DADDR,
	NFTA_FIB_F_IIF,
	NFTA_FIB_F_MARK,
	NFTA_FIB_F_OIF,
	NFTA_FIB_F_PRESENT,
	NFTA_FIB_F_SADDR,
	NFTA_FIB_RESULT,
	NFT_DATA_VALUE,
	NFT_FIB_RESULT_ADDRTYPE,
	NFT_FIB_RESULT_OIF,
	NFT_FIB_RESULT_OIFNAME,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	nft_chain_validate_hooks,
	nft_dump_register,
	nft_parse_register,
	nft_validate_register_store,
} from './nf_tables_api.ts';

export const nft_fib_policy: nla_policy = {
	[NFTA_FIB_DREG]: { type: NLA_U32 },
	[NFTA_FIB_RESULT]: { type: NLA_U32 },
	[NFTA_FIB_FLAGS]: { type: NLA_U32 },
};

const NFTA_FIB_F_ALL =
	NFTA_FIB_F_SADDR |
	NFTA_FIB_F_DADDR |
	NFTA_FIB_F_MARK |
	NFTA_FIB_F_IIF |
	NFTA_FIB_F_OIF |
	NFTA_FIB_F_PRESENT;

/**
 * Checks that the chain sees packets with the devices that are asked for.
 * @returns 0, -EOPNOTSUPP, -EINVAL
 * @kernel net/netfilter/nft_fib.c:28 (v5.10)
 */
export function nft_fib_validate(ctx: nft_ctx, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_fib>(expr);
	let hooks: number;

	switch (priv.result) {
		case NFT_FIB_RESULT_OIF:
		case NFT_FIB_RESULT_OIFNAME:
			hooks = 1 << NF_INET_PRE_ROUTING;
			break;
		case NFT_FIB_RESULT_ADDRTYPE:
			if ((priv.flags & NFTA_FIB_F_IIF) !== 0)
				hooks =
					(1 << NF_INET_PRE_ROUTING) |
					(1 << NF_INET_LOCAL_IN) |
					(1 << NF_INET_FORWARD);
			else if ((priv.flags & NFTA_FIB_F_OIF) !== 0)
				hooks =
					(1 << NF_INET_LOCAL_OUT) |
					(1 << NF_INET_POST_ROUTING) |
					(1 << NF_INET_FORWARD);
			else
				hooks =
					(1 << NF_INET_LOCAL_IN) |
					(1 << NF_INET_LOCAL_OUT) |
					(1 << NF_INET_FORWARD) |
					(1 << NF_INET_PRE_ROUTING) |
					(1 << NF_INET_POST_ROUTING);
			break;
		default:
			return -EINVAL;
	}

	return nft_chain_validate_hooks(ctx.chain!, hooks);
}

/**
 * Sets it up.
 * @returns 0, -EINVAL, -ERANGE
 * @kernel net/netfilter/nft_fib.c:64 (v5.10)
 */
export function nft_fib_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_fib>(expr);
	const SADDR_DADDR = NFTA_FIB_F_SADDR | NFTA_FIB_F_DADDR;
	const IIF_OIF = NFTA_FIB_F_IIF | NFTA_FIB_F_OIF;
	let len: number;

	const flags = nla_get_u32(tb, NFTA_FIB_FLAGS);
	const result = nla_get_u32(tb, NFTA_FIB_RESULT);
	if (!tb.has(NFTA_FIB_DREG) || result === null || flags === null) return -EINVAL;

	priv.flags = flags;

	if (priv.flags === 0 || (priv.flags & ~NFTA_FIB_F_ALL) !== 0) return -EINVAL;

	if ((priv.flags & SADDR_DADDR) === SADDR_DADDR) return -EINVAL;
	if ((priv.flags & IIF_OIF) === IIF_OIF) return -EINVAL;
	if ((priv.flags & SADDR_DADDR) === 0) return -EINVAL;

	/* u8 in C */
	priv.result = result & 0xff;
	priv.dreg = nft_parse_register(tb, NFTA_FIB_DREG);

	switch (priv.result) {
		case NFT_FIB_RESULT_OIF:
			if ((priv.flags & NFTA_FIB_F_OIF) !== 0) return -EINVAL;
			len = 4;
			break;
		case NFT_FIB_RESULT_OIFNAME:
			if ((priv.flags & NFTA_FIB_F_OIF) !== 0) return -EINVAL;
			len = IFNAMSIZ;
			break;
		case NFT_FIB_RESULT_ADDRTYPE:
			len = 4;
			break;
		default:
			return -EINVAL;
	}

	return nft_validate_register_store(ctx, priv.dreg, null, NFT_DATA_VALUE, len);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_fib.c:118 (v5.10)
 */
export function nft_fib_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_fib>(expr);

	nft_dump_register(tb, NFTA_FIB_DREG, priv.dreg);
	nla_put_u32(tb, NFTA_FIB_RESULT, priv.result);
	nla_put_u32(tb, NFTA_FIB_FLAGS, priv.flags);
	return 0;
}

/**
 * Stores index or name of a device, or only whether there is one.
 * @kernel net/netfilter/nft_fib.c:135 (v5.10)
 */
export function nft_fib_store_result(
	regs: nft_regs,
	dreg: number,
	priv: nft_fib,
	dev: net_device | null,
): void {
	switch (priv.result) {
		case NFT_FIB_RESULT_OIF: {
			const index = dev !== null ? dev.ifindex : 0;
			if ((priv.flags & NFTA_FIB_F_PRESENT) !== 0)
				regs.data[dreg] = index !== 0 ? 1 : 0;
			else regs.data[dreg] = index;
			break;
		}
		case NFT_FIB_RESULT_OIFNAME:
			if ((priv.flags & NFTA_FIB_F_PRESENT) !== 0)
				regs.data[dreg] = dev !== null ? 1 : 0;
			else nft_reg_store_name(regs, dreg, dev !== null ? dev.name : '', IFNAMSIZ);
			break;
		default:
			regs.data[dreg] = 0;
			break;
	}
}
