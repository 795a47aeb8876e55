// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nft_rt.c, base v5.10.
 *
 * Expression rt: reads what the route of a packet says.
 */
import { get_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { ip_hdr } from '../../include/linux/ip.ts';
import { ipv6_hdr } from '../../include/linux/ipv6.ts';
import { machine_var } from '../../include/linux/machine.ts';
import type { nla_policy } from '../../include/linux/netfilter/nfnetlink.ts';
import { NLA_U32 } from '../../include/linux/netfilter/nfnetlink.ts';
import type { dst_entry } from '../../include/net/dst.ts';
import { dst_mtu, dst_release } from '../../include/net/dst.ts';
import type { flowi } from '../../include/net/flow.ts';
import { flowi4, flowi6 } from '../../include/net/flow.ts';
import type { rt6_info } from '../../include/net/ip6_fib.ts';
import { rt6_nexthop } from '../../include/net/ip6_route.ts';
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
	nft_net,
	nft_pf,
	nft_reg_store16,
	nft_reg_store8,
	nft_reg_store_be32,
} from '../../include/net/netfilter/nf_tables.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import { nla_get_u32, nla_put_u32 } from '../../include/net/netlink.ts';
import type { rtable } from '../../include/net/route.ts';
import { rt_nexthop } from '../../include/net/route.ts';
import { EINVAL, EOPNOTSUPP } from '../../include/uapi/linux/errno.ts';
import { IPHDR_LEN, IPHDR_daddr, IPHDR_saddr } from '../../include/uapi/linux/ip.ts';
import { IPV6HDR_LEN, IPV6HDR_daddr, IPV6HDR_saddr } from '../../include/uapi/linux/ipv6.ts';
import {
	NFPROTO_IPV4,
	NFPROTO_IPV6,
	NF_INET_FORWARD,
	NF_INET_LOCAL_OUT,
	NF_INET_POST_ROUTING,
} from '../../include/uapi/linux/netfilter.ts';
import {
	NFTA_RT_DREG,
	NFTA_RT_KEY,
	NFTA_RT_MAX,
	NFT_BREAK,
	NFT_DATA_VALUE,
	NFT_REG32_SIZE,
	NFT_RT_CLASSID,
	NFT_RT_NEXTHOP4,
	NFT_RT_NEXTHOP6,
	NFT_RT_TCPMSS,
	NFT_RT_XFRM,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import { TCPHDR_LEN, TCP_MSS_DEFAULT } from '../../include/uapi/linux/tcp.ts';
import {
	nft_chain_validate_hooks,
	nft_dump_register,
	nft_parse_register,
	nft_validate_register_store,
} from './nf_tables_api.ts';
import { nf_route } from './utils.ts';

/** rt */
class nft_rt {
	/** NFT_RT_* */
	key = 0;
	/** word index */
	dreg = 0;
}

/* variables on the stack in C */
const fl4_var = machine_var(() => new flowi4());
const fl6_var = machine_var(() => new flowi6());
const daddr_var = machine_var(() => new Uint8Array(16));

/**
 * Largest TCP segment that fits the routes of both directions.
 * @param skbdst route of the packet
 * @kernel net/netfilter/nft_rt.c:21 (v5.10)
 */
function get_tcpmss(pkt: nft_pktinfo, skbdst: dst_entry): number {
	const skb = pkt.skb;
	const h = skb.head;
	const m = skb.machine;
	let minlen = IPV6HDR_LEN;
	let mtu = dst_mtu(skbdst);
	let fl: flowi = fl4_var.of(m);

	switch (nft_pf(pkt)) {
		case NFPROTO_IPV4: {
			const fl4 = fl4_var.of(m);
			fl4.clear();
			fl4.daddr = get_unaligned_be32(h, ip_hdr(skb) + IPHDR_saddr);
			minlen = IPHDR_LEN + TCPHDR_LEN;
			break;
		}
		case NFPROTO_IPV6: {
			const fl6 = fl6_var.of(m);
			const at = ipv6_hdr(skb) + IPV6HDR_saddr;
			fl6.clear();
			for (let i = 0; i < 16; i++) fl6.daddr[i] = h[at + i];
			minlen = IPV6HDR_LEN + TCPHDR_LEN;
			fl = fl6;
			break;
		}
	}

	const dst = nf_route(nft_net(pkt), fl, false, nft_pf(pkt));
	if (dst !== null && !IS_ERR(dst)) {
		mtu = Math.min(mtu, dst_mtu(dst));
		dst_release(dst);
	}

	if (mtu <= minlen || mtu > 0xffff) return TCP_MSS_DEFAULT;

	return mtu - minlen;
}

/**
 * Reads; what a packet does not have ends the rule.
 * @kernel net/netfilter/nft_rt.c:53 (v5.10)
 */
export function nft_rt_get_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_rt>(expr);
	const skb = pkt.skb;
	const dest = priv.dreg;
	const dst = skb._dst;

	err: {
		if (dst === null) break err;

		switch (priv.key) {
			case NFT_RT_CLASSID:
				regs.data[dest] = dst.tclassid;
				break;
			case NFT_RT_NEXTHOP4:
				if (nft_pf(pkt) !== NFPROTO_IPV4) break err;

				nft_reg_store_be32(
					regs,
					dest,
					rt_nexthop(
						dst as rtable,
						get_unaligned_be32(
							skb.head,
							ip_hdr(skb) + IPHDR_daddr,
						),
					),
				);
				break;
			case NFT_RT_NEXTHOP6: {
				if (nft_pf(pkt) !== NFPROTO_IPV6) break err;

				const daddr = daddr_var.of(skb.machine);
				const at = ipv6_hdr(skb) + IPV6HDR_daddr;
				for (let i = 0; i < 16; i++) daddr[i] = skb.head[at + i];
				regs.data8.set(
					rt6_nexthop(dst as rt6_info, daddr),
					dest * NFT_REG32_SIZE,
				);
				break;
			}
			case NFT_RT_TCPMSS:
				nft_reg_store16(regs, dest, get_tcpmss(pkt, dst));
				break;
			case NFT_RT_XFRM:
				nft_reg_store8(regs, dest, dst.xfrm !== null ? 1 : 0);
				break;
			default:
				break err;
		}
		return;
	}
	regs.verdict.code = NFT_BREAK;
}

const nft_rt_policy: nla_policy = {
	[NFTA_RT_DREG]: { type: NLA_U32 },
	[NFTA_RT_KEY]: { type: NLA_U32 },
};

/**
 * Sets reading up.
 * @returns 0, -EINVAL, -EOPNOTSUPP for an unknown key, -ERANGE
 * @kernel net/netfilter/nft_rt.c:110 (v5.10)
 */
function nft_rt_get_init(ctx: nft_ctx, expr: nft_expr, tb: nlattrs): number {
	const priv = nft_expr_priv<nft_rt>(expr);
	let len: number;

	const key = nla_get_u32(tb, NFTA_RT_KEY);
	if (key === null || !tb.has(NFTA_RT_DREG)) return -EINVAL;

	priv.key = key & 0xff;
	switch (priv.key) {
		case NFT_RT_CLASSID:
		case NFT_RT_NEXTHOP4:
			len = 4;
			break;
		case NFT_RT_NEXTHOP6:
			len = 16;
			break;
		case NFT_RT_TCPMSS:
			len = 2;
			break;
		case NFT_RT_XFRM:
			len = 1;
			break;
		default:
			return -EOPNOTSUPP;
	}

	priv.dreg = nft_parse_register(tb, NFTA_RT_DREG);
	return nft_validate_register_store(ctx, priv.dreg, null, NFT_DATA_VALUE, len);
}

/**
 * Adds the parameters.
 * @kernel net/netfilter/nft_rt.c:149 (v5.10)
 */
function nft_rt_get_dump(tb: nlattrs, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_rt>(expr);

	nla_put_u32(tb, NFTA_RT_KEY, priv.key);
	return nft_dump_register(tb, NFTA_RT_DREG, priv.dreg);
}

/**
 * Checks that the chain sees packets that have what is read.
 * @returns 0, -EOPNOTSUPP, -EINVAL
 * @kernel net/netfilter/nft_rt.c:164 (v5.10)
 */
function nft_rt_validate(ctx: nft_ctx, expr: nft_expr): number {
	const priv = nft_expr_priv<nft_rt>(expr);

	switch (priv.key) {
		case NFT_RT_NEXTHOP4:
		case NFT_RT_NEXTHOP6:
		case NFT_RT_CLASSID:
		case NFT_RT_XFRM:
			return 0;
		case NFT_RT_TCPMSS:
			return nft_chain_validate_hooks(
				ctx.chain!,
				(1 << NF_INET_FORWARD) |
					(1 << NF_INET_LOCAL_OUT) |
					(1 << NF_INET_POST_ROUTING),
			);
		default:
			return -EINVAL;
	}
}

const nft_rt_get_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_rt_type;
	},
	size: NFT_EXPR_SIZE(2),
	priv: () => new nft_rt(),
	eval: nft_rt_get_eval,
	init: nft_rt_get_init,
	dump: nft_rt_get_dump,
	validate: nft_rt_validate,
};

export const nft_rt_type: nft_expr_type = {
	name: 'rt',
	ops: nft_rt_get_ops,
	policy: nft_rt_policy,
	maxattr: NFTA_RT_MAX,
};
