// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv6/netfilter/nft_fib_ipv6.c, base v5.10.
 *
 * Expression fib for IPv6: asks the routing tables about an address of the packet.
 */
import { get_unaligned_be32, htonl } from '../../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../../include/linux/err.ts';
import type { Machine } from '../../../include/linux/machine.ts';
import { machine_var } from '../../../include/linux/machine.ts';
import type { net_device } from '../../../include/linux/netdevice.ts';
import { skb_network_offset } from '../../../include/linux/skbuff.ts';
import { flowi6 } from '../../../include/net/flow.ts';
import type { rt6_info } from '../../../include/net/ip6_fib.ts';
import { RTF_ANYCAST, RTF_LOCAL, RTF_REJECT } from '../../../include/net/ip6_fib.ts';
import {
	RT6_LOOKUP_F_HAS_SADDR,
	RT6_LOOKUP_F_IFACE,
	ipv6_anycast_destination,
} from '../../../include/net/ip6_route.ts';
import {
	IPV6_ADDR_LINKLOCAL,
	IPV6_ADDR_MULTICAST,
	IPV6_ADDR_UNICAST,
	IPV6_FLOWINFO_MASK,
	ipv6_addr_type,
} from '../../../include/net/ipv6.ts';
import { ipv6_stub } from '../../../include/net/ipv6_stubs.ts';
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
import { EACCES, EAGAIN, EINVAL, EOPNOTSUPP } from '../../../include/uapi/linux/errno.ts';
import { IPV6HDR_LEN, IPV6HDR_daddr, IPV6HDR_saddr } from '../../../include/uapi/linux/ipv6.ts';
import { NFPROTO_IPV6, NF_INET_PRE_ROUTING } from '../../../include/uapi/linux/netfilter.ts';
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
import {
	RTN_ANYCAST,
	RTN_BLACKHOLE,
	RTN_LOCAL,
	RTN_MULTICAST,
	RTN_PROHIBIT,
	RTN_THROW,
	RTN_UNICAST,
	RTN_UNREACHABLE,
	RTN_UNSPEC,
} from '../../../include/uapi/linux/rtnetlink.ts';
import { dst_release } from '../../../include/net/dst.ts';
import { skb_header_pointer_off } from '../../core/skbuff.ts';
import { ip6_rt_put } from '../ip6_fib.ts';
import { nf_ip6_route } from '../netfilter.ts';
import { ip6_route_lookup } from '../route.ts';
import { nft_register_expr } from '../../netfilter/nf_tables_api.ts';
import {
	nft_fib_dump,
	nft_fib_init,
	nft_fib_policy,
	nft_fib_store_result,
	nft_fib_validate,
} from '../../netfilter/nft_fib.ts';

/* a variable on the stack in C */
const fl6_var = machine_var(() => new flowi6());

/**
 * Index of a device, 0 for none.
 * @kernel net/ipv6/netfilter/nft_fib_ipv6.c:17 (v5.10)
 */
function get_ifindex(dev: net_device | null): number {
	return dev !== null ? dev.ifindex : 0;
}

/**
 * Fills a flow by the packet.
 * @param iph offset of the IPv6 header in skb.head
 * @returns RT6_LOOKUP_F_*
 * @kernel net/ipv6/netfilter/nft_fib_ipv6.c:22 (v5.10)
 */
function nft_fib6_flowi_init(
	fl6: flowi6,
	priv: nft_fib,
	pkt: nft_pktinfo,
	dev: net_device | null,
	iph: number,
): number {
	const h = pkt.skb.head;
	const daddr = (priv.flags & NFTA_FIB_F_DADDR) !== 0 ? IPV6HDR_daddr : IPV6HDR_saddr;
	const saddr = (priv.flags & NFTA_FIB_F_DADDR) !== 0 ? IPV6HDR_saddr : IPV6HDR_daddr;
	let lookup_flags = 0;

	fl6.clear();
	fl6.flowi6_iif = LOOPBACK_IFINDEX;
	fl6.flowi6_proto = pkt.tprot;
	for (let i = 0; i < 16; i++) {
		fl6.daddr[i] = h[iph + daddr + i];
		fl6.saddr[i] = h[iph + saddr + i];
	}

	if ((ipv6_addr_type(fl6.daddr) & IPV6_ADDR_LINKLOCAL) !== 0) {
		lookup_flags |= RT6_LOOKUP_F_IFACE;
		fl6.flowi6_oif = get_ifindex(dev ?? pkt.skb.dev);
	}

	if ((ipv6_addr_type(fl6.saddr) & IPV6_ADDR_UNICAST) !== 0)
		lookup_flags |= RT6_LOOKUP_F_HAS_SADDR;

	if ((priv.flags & NFTA_FIB_F_MARK) !== 0) fl6.flowi6_mark = pkt.skb.mark;

	fl6.flowlabel = htonl(get_unaligned_be32(h, iph) & IPV6_FLOWINFO_MASK);

	return lookup_flags;
}

/**
 * Type of an address.
 * @param iph offset of the IPv6 header in skb.head
 * @returns RTN_*
 * @kernel net/ipv6/netfilter/nft_fib_ipv6.c:53 (v5.10)
 */
function __nft_fib6_eval_type(priv: nft_fib, pkt: nft_pktinfo, iph: number): number {
	const m = pkt.skb.machine;
	const fl6 = fl6_var.of(m);
	let dev: net_device | null = null;
	let ret = 0;

	if ((priv.flags & NFTA_FIB_F_IIF) !== 0) dev = nft_in(pkt);
	else if ((priv.flags & NFTA_FIB_F_OIF) !== 0) dev = nft_out(pkt);

	nft_fib6_flowi_init(fl6, priv, pkt, dev, iph);

	if (dev !== null && ipv6_stub.of(m).ipv6_chk_addr(nft_net(pkt), fl6.daddr, dev, 1))
		ret = RTN_LOCAL;

	const dst = nf_ip6_route(nft_net(pkt), fl6, false);
	let route_err: number;
	err: {
		if (IS_ERR(dst)) {
			route_err = dst;
			break err;
		}
		const rt = dst as rt6_info;
		if ((rt.rt6i_flags & RTF_REJECT) !== 0) {
			route_err = rt.error;
			dst_release(rt);
			break err;
		}

		if (ipv6_anycast_destination(rt, fl6.daddr)) ret = RTN_ANYCAST;
		else if (dev === null && (rt.rt6i_flags & RTF_LOCAL) !== 0) ret = RTN_LOCAL;

		dst_release(rt);

		if (ret !== 0) return ret;

		const addrtype = ipv6_addr_type(fl6.daddr);

		if ((addrtype & IPV6_ADDR_MULTICAST) !== 0) return RTN_MULTICAST;
		if ((addrtype & IPV6_ADDR_UNICAST) !== 0) return RTN_UNICAST;

		return RTN_UNSPEC;
	}

	switch (route_err) {
		case -EINVAL:
			return RTN_BLACKHOLE;
		case -EACCES:
			return RTN_PROHIBIT;
		case -EAGAIN:
			return RTN_THROW;
		default:
			break;
	}

	return RTN_UNREACHABLE;
}

/**
 * Stores the type of an address.
 * @kernel net/ipv6/netfilter/nft_fib_ipv6.c:120 (v5.10)
 */
export function nft_fib6_eval_type(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_fib>(expr);
	const skb = pkt.skb;

	const iph = skb_header_pointer_off(skb, skb_network_offset(skb), IPV6HDR_LEN);
	if (iph < 0) {
		regs.verdict.code = NFT_BREAK;
		return;
	}

	regs.data[priv.dreg] = __nft_fib6_eval_type(priv, pkt, iph);
}

/**
 * Stores the device that packets to an address leave by.
 * @kernel net/ipv6/netfilter/nft_fib_ipv6.c:138 (v5.10)
 */
export function nft_fib6_eval(expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo): void {
	const priv = nft_expr_priv<nft_fib>(expr);
	const skb = pkt.skb;
	const dest = priv.dreg;
	const fl6 = fl6_var.of(skb.machine);
	let oif: net_device | null = null;

	if ((priv.flags & NFTA_FIB_F_IIF) !== 0) oif = nft_in(pkt);
	else if ((priv.flags & NFTA_FIB_F_OIF) !== 0) oif = nft_out(pkt);

	const iph = skb_header_pointer_off(skb, skb_network_offset(skb), IPV6HDR_LEN);
	if (iph < 0) {
		regs.verdict.code = NFT_BREAK;
		return;
	}

	const lookup_flags = nft_fib6_flowi_init(fl6, priv, pkt, oif, iph);

	if (nft_hook(pkt) === NF_INET_PRE_ROUTING && nft_fib_is_loopback(skb, nft_in(pkt)!)) {
		nft_fib_store_result(regs, dest, priv, nft_in(pkt));
		return;
	}

	regs.data[dest] = 0;
	const rt = ip6_route_lookup(nft_net(pkt), fl6, skb, lookup_flags) as rt6_info;
	const dev = rt.rt6i_idev?.dev ?? null;

	if (
		rt.error === 0 &&
		/* no address of this host is asked for here */
		(rt.rt6i_flags & (RTF_REJECT | RTF_ANYCAST | RTF_LOCAL)) === 0 &&
		(oif === null || oif === dev)
	)
		nft_fib_store_result(regs, dest, priv, dev);

	ip6_rt_put(rt);
}

const nft_fib6_type_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_fib6_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_fib(),
	eval: nft_fib6_eval_type,
	init: nft_fib_init,
	dump: nft_fib_dump,
	validate: nft_fib_validate,
};

const nft_fib6_ops: nft_expr_ops = {
	get type(): nft_expr_type {
		return nft_fib6_type;
	},
	size: NFT_EXPR_SIZE(8),
	priv: () => new nft_fib(),
	eval: nft_fib6_eval,
	init: nft_fib_init,
	dump: nft_fib_dump,
	validate: nft_fib_validate,
};

/**
 * Picks by what is asked for.
 * @returns operations, -EINVAL, -EOPNOTSUPP
 * @kernel net/ipv6/netfilter/nft_fib_ipv6.c:212 (v5.10)
 */
function nft_fib6_select_ops(_ctx: nft_ctx, tb: nlattrs): nft_expr_ops | number {
	switch (nla_get_u32(tb, NFTA_FIB_RESULT)) {
		case null:
			return -EINVAL;
		case NFT_FIB_RESULT_OIF:
			return nft_fib6_ops;
		case NFT_FIB_RESULT_OIFNAME:
			return nft_fib6_ops;
		case NFT_FIB_RESULT_ADDRTYPE:
			return nft_fib6_type_ops;
		default:
			return -EOPNOTSUPP;
	}
}

const nft_fib6_type: nft_expr_type = {
	name: 'fib',
	select_ops: nft_fib6_select_ops,
	policy: nft_fib_policy,
	maxattr: NFTA_FIB_MAX,
	family: NFPROTO_IPV6,
};

/**
 * Registers the expression.
 * @returns 0 or -errno
 * @kernel net/ipv6/netfilter/nft_fib_ipv6.c:243 (v5.10)
 */
export function nft_fib6_module_init(m: Machine): number {
	return nft_register_expr(m, nft_fib6_type);
}
