// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/netfilter/nft_fib_ipv4.c, base v5.10.
 *
 * Expression fib for IPv4: asks the routing tables about an address of the packet.
 */
import { get_unaligned_be32, htonl } from '../../../include/linux/byteorder/generic.ts';
import {
	ipv4_is_lbcast,
	ipv4_is_local_multicast,
	ipv4_is_multicast,
	ipv4_is_zeronet,
} from '../../../include/linux/in.ts';
import type { Machine } from '../../../include/linux/machine.ts';
import { machine_var } from '../../../include/linux/machine.ts';
import type { net_device } from '../../../include/linux/netdevice.ts';
import { skb_network_offset } from '../../../include/linux/skbuff.ts';
import type { __be32 } from '../../../include/linux/types.ts';
import { FIB_LOOKUP_IGNORE_LINKSTATE } from '../../../include/net/fib_rules.ts';
import { flowi4 } from '../../../include/net/flow.ts';
import { FIB_RES_DEV, fib_result } from '../../../include/net/ip_fib.ts';
import { LOOPBACK_IFINDEX } from '../../../include/net/net_namespace.ts';
import type {
	nft_expr_ops,
	nft_expr_type,
	nft_ctx,
	nft_expr,
	nft_pktinfo,
	nft_regs,
} from '../../../include/net/netfilter/nf_tables.ts';
import {
	NFT_EXPR_SIZE,
	nft_expr_priv,
	nft_hook,
	nft_in,
	nft_net,
	nft_out,
} from '../../../include/net/netfilter/nf_tables.ts';
import { nft_fib, nft_fib_is_loopback } from '../../../include/net/netfilter/nft_fib.ts';
import type { nlattrs } from '../../../include/net/netlink.ts';
import { nla_get_u32 } from '../../../include/net/netlink.ts';
import { EINVAL, EOPNOTSUPP } from '../../../include/uapi/linux/errno.ts';
import { IPHDR_LEN, IPHDR_daddr, IPHDR_saddr, IPHDR_tos } from '../../../include/uapi/linux/ip.ts';
import { NFPROTO_IPV4, NF_INET_PRE_ROUTING } from '../../../include/uapi/linux/netfilter.ts';
import {
	NFTA_FIB_F_DADDR,
	NFTA_FIB_F_IIF,
	NFTA_FIB_F_MARK,
	NFTA_FIB_F_OIF,
	NFTA_FIB_MAX,
	NFTA_FIB_RESULT,
	NFT_BREAK,
	NFT_FIB_RESULT_ADDRTYPE,
	NFT_FIB_RESULT_OIF,
	NFT_FIB_RESULT_OIFNAME,
} from '../../../include/uapi/linux/netfilter/nf_tables.ts';
import { RTN_LOCAL, RT_SCOPE_UNIVERSE } from '../../../include/uapi/linux/rtnetlink.ts';
import { skb_header_pointer_off } from '../../core/skbuff.ts';
import { inet_dev_addr_type } from '../fib_frontend.ts';
import { fib_lookup } from '../fib_rules.ts';
import { fib_info_nh_uses_dev } from '../fib_trie.ts';
import { nft_register_expr } from '../../netfilter/nf_tables_api.ts';
import {
	nft_fib_dump,
	nft_fib_init,
	nft_fib_policy,
	nft_fib_store_result,
	nft_fib_validate,
} from '../../netfilter/nft_fib.ts';

/* variables on the stack in C */
const fl4_var = machine_var(() => new flowi4());
const res_var = machine_var(() => new fib_result());

/**
 * Source address to look up with; none where there is no route to be found from.
 * @kernel net/ipv4/netfilter/nft_fib_ipv4.c:17 (v5.10)
 */
function get_saddr(addr: __be32): __be32 {
	if (ipv4_is_multicast(addr) || ipv4_is_lbcast(addr) || ipv4_is_zeronet(addr))
		return htonl(0);
	return addr;
}

const DSCP_BITS = 0xfc;

/**
 * Stores the type of an address.
 * @kernel net/ipv4/netfilter/nft_fib_ipv4.c:27 (v5.10)
 */
export function nft_fib4_eval_type(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_fib>(expr);
	const skb = pkt.skb;
	let dev: net_device | null = null;

	if ((priv.flags & NFTA_FIB_F_IIF) !== 0) dev = nft_in(pkt);
	else if ((priv.flags & NFTA_FIB_F_OIF) !== 0) dev = nft_out(pkt);

	const iph = skb_header_pointer_off(skb, skb_network_offset(skb), IPHDR_LEN);
	if (iph < 0) {
		regs.verdict.code = NFT_BREAK;
		return;
	}

	const at = (priv.flags & NFTA_FIB_F_DADDR) !== 0 ? IPHDR_daddr : IPHDR_saddr;
	const addr = get_unaligned_be32(skb.head, iph + at);

	regs.data[priv.dreg] = inet_dev_addr_type(nft_net(pkt), dev, addr);
}

/**
 * Stores the device that packets to an address leave by.
 * @kernel net/ipv4/netfilter/nft_fib_ipv4.c:57 (v5.10)
 */
export function nft_fib4_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_fib>(expr);
	const skb = pkt.skb;
	const dest = priv.dreg;
	let oif: net_device | null;

	/*
	 * flowi4_oif would restrict the results, so that a destination behind another device is found as
	 * well; the device is looked for among the results instead.
	 */
	if ((priv.flags & NFTA_FIB_F_OIF) !== 0) oif = nft_out(pkt);
	else if ((priv.flags & NFTA_FIB_F_IIF) !== 0) oif = nft_in(pkt);
	else oif = null;

	if (nft_hook(pkt) === NF_INET_PRE_ROUTING && nft_fib_is_loopback(skb, nft_in(pkt)!)) {
		nft_fib_store_result(regs, dest, priv, nft_in(pkt));
		return;
	}

	const iph = skb_header_pointer_off(skb, skb_network_offset(skb), IPHDR_LEN);
	if (iph < 0) {
		regs.verdict.code = NFT_BREAK;
		return;
	}
	const saddr = get_unaligned_be32(skb.head, iph + IPHDR_saddr);
	const daddr = get_unaligned_be32(skb.head, iph + IPHDR_daddr);

	if (ipv4_is_zeronet(saddr) && (ipv4_is_lbcast(daddr) || ipv4_is_local_multicast(daddr))) {
		nft_fib_store_result(regs, dest, priv, skb.dev);
		return;
	}

	const fl4 = fl4_var.of(skb.machine);
	const res = res_var.of(skb.machine);
	fl4.clear();
	res.clear();
	fl4.flowi4_scope = RT_SCOPE_UNIVERSE;
	fl4.flowi4_iif = LOOPBACK_IFINDEX;

	if ((priv.flags & NFTA_FIB_F_MARK) !== 0) fl4.flowi4_mark = skb.mark;

	fl4.flowi4_tos = skb.head[iph + IPHDR_tos] & DSCP_BITS;

	if ((priv.flags & NFTA_FIB_F_DADDR) !== 0) {
		fl4.daddr = daddr;
		fl4.saddr = get_saddr(saddr);
	} else {
		fl4.daddr = saddr;
		fl4.saddr = get_saddr(daddr);
	}

	regs.data[dest] = 0;

	if (fib_lookup(nft_net(pkt), fl4, res, FIB_LOOKUP_IGNORE_LINKSTATE) !== 0) return;

	if (res.type === RTN_LOCAL) return;

	let found: net_device | null;
	if (oif === null) {
		found = FIB_RES_DEV(res);
	} else {
		if (!fib_info_nh_uses_dev(res.fi!, oif)) return;

		found = oif;
	}

	nft_fib_store_result(regs, dest, priv, found);
}

const nft_fib4_type_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_fib4_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_fib(),
	eval: nft_fib4_eval_type,
	init: nft_fib_init,
	dump: nft_fib_dump,
	validate: nft_fib_validate,
};

const nft_fib4_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_fib4_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_fib(),
	eval: nft_fib4_eval,
	init: nft_fib_init,
	dump: nft_fib_dump,
	validate: nft_fib_validate,
};

/**
 * Picks by what is asked for.
 * @returns operations, -EINVAL, -EOPNOTSUPP
 * @kernel net/ipv4/netfilter/nft_fib_ipv4.c:167 (v5.10)
 */
function nft_fib4_select_ops(_ctx: nft_ctx, tb: nlattrs): nft_expr_ops | number {
	switch (nla_get_u32(tb, NFTA_FIB_RESULT)) {
		case null:
			return -EINVAL;
		case NFT_FIB_RESULT_OIF:
			return nft_fib4_ops;
		case NFT_FIB_RESULT_OIFNAME:
			return nft_fib4_ops;
		case NFT_FIB_RESULT_ADDRTYPE:
			return nft_fib4_type_ops;
		default:
			return -EOPNOTSUPP;
	}
}

const nft_fib4_type: nft_expr_type = {
	name: 'fib',
	select_ops: nft_fib4_select_ops,
	policy: nft_fib_policy,
	maxattr: NFTA_FIB_MAX,
	family: NFPROTO_IPV4,
};

/**
 * Registers the expression.
 * @returns 0 or -errno
 * @kernel net/ipv4/netfilter/nft_fib_ipv4.c:198 (v5.10)
 */
export function nft_fib4_module_init(m: Machine): number {
	return nft_register_expr(m, nft_fib4_type);
}
