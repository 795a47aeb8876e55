// SPDX-License-Identifier: GPL-2.0
/*
 * net/netfilter/nft_chain_route.c, base v5.10.
 *
 * Base chains of type route: a local packet is routed again when they changed what routing looks at.
 */
import { ip_daddr, ip_hdr, ip_saddr } from '../../include/linux/ip.ts';
import { ipv6_hdr } from '../../include/linux/ipv6.ts';
import type { Machine } from '../../include/linux/machine.ts';
import { machine_var } from '../../include/linux/machine.ts';
import type { nf_hook_state } from '../../include/linux/netfilter.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import type { nft_chain_type } from '../../include/net/netfilter/nf_tables.ts';
import { NFT_CHAIN_T_ROUTE } from '../../include/net/netfilter/nf_tables.ts';
import { IPHDR_tos } from '../../include/uapi/linux/ip.ts';
import { IPV6HDR_LEN, IPV6HDR_hop_limit } from '../../include/uapi/linux/ipv6.ts';
import {
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
	NF_ACCEPT,
	NF_DROP_ERR,
	NF_INET_LOCAL_OUT,
} from '../../include/uapi/linux/netfilter.ts';
import { RTN_UNSPEC } from '../../include/uapi/linux/rtnetlink.ts';
import { ip_route_me_harder } from '../ipv4/netfilter.ts';
import { ip6_route_me_harder } from '../ipv6/netfilter.ts';
import { nft_register_chain_type } from './nf_tables_api.ts';
import { nft_do_chain, nft_pktinfo_of } from './nf_tables_core.ts';
import { nft_set_pktinfo_ipv4 } from './nf_tables_ipv4.ts';
import { nft_set_pktinfo_ipv6 } from './nf_tables_ipv6.ts';

/**
 * Runs a local IPv4 packet through a chain and routes it again if need be.
 * @kernel net/netfilter/nft_chain_route.c:16 (v5.10)
 */
function nf_route_table_hook4(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const pkt = nft_pktinfo_of(skb, state);
	nft_set_pktinfo_ipv4(pkt);

	const mark = skb.mark;
	const saddr = ip_saddr(skb);
	const daddr = ip_daddr(skb);
	const tos = skb.head[ip_hdr(skb) + IPHDR_tos];

	let ret = nft_do_chain(pkt, priv);
	if (ret === NF_ACCEPT) {
		if (
			ip_saddr(skb) !== saddr ||
			ip_daddr(skb) !== daddr ||
			skb.mark !== mark ||
			skb.head[ip_hdr(skb) + IPHDR_tos] !== tos
		) {
			const err = ip_route_me_harder(state.net, state.sk, skb, RTN_UNSPEC);
			if (err < 0) ret = NF_DROP_ERR(err);
		}
	}
	return ret;
}

const nft_chain_route_ipv4: nft_chain_type = {
	name: 'route',
	type: NFT_CHAIN_T_ROUTE,
	family: NFPROTO_IPV4,
	hook_mask: 1 << NF_INET_LOCAL_OUT,
	hooks: {
		[NF_INET_LOCAL_OUT]: nf_route_table_hook4,
	},
};

/** Header of a packet before its chain; on the stack in C. */
const saved_headers = machine_var(() => new Uint8Array(IPV6HDR_LEN));

/**
 * Runs a local IPv6 packet through a chain and routes it again if need be.
 * @kernel net/netfilter/nft_chain_route.c:65 (v5.10)
 */
function nf_route_table_hook6(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const pkt = nft_pktinfo_of(skb, state);
	nft_set_pktinfo_ipv6(pkt);

	/* Flow label, traffic class, hop limit, addresses; PORT: length and next header go along. */
	const saved = saved_headers.of(skb.machine);
	let ip6 = ipv6_hdr(skb);
	for (let i = 0; i < IPV6HDR_LEN; i++) saved[i] = skb.head[ip6 + i];
	const mark = skb.mark;

	let ret = nft_do_chain(pkt, priv);
	if (ret === NF_ACCEPT) {
		ip6 = ipv6_hdr(skb);
		let changed = skb.mark !== mark;
		for (let i = 0; i < 4; i++) if (skb.head[ip6 + i] !== saved[i]) changed = true;
		for (let i = IPV6HDR_hop_limit; i < IPV6HDR_LEN; i++)
			if (skb.head[ip6 + i] !== saved[i]) changed = true;
		if (changed) {
			const err = ip6_route_me_harder(state.net, state.sk, skb);
			if (err < 0) ret = NF_DROP_ERR(err);
		}
	}
	return ret;
}

const nft_chain_route_ipv6: nft_chain_type = {
	name: 'route',
	type: NFT_CHAIN_T_ROUTE,
	family: NFPROTO_IPV6,
	hook_mask: 1 << NF_INET_LOCAL_OUT,
	hooks: {
		[NF_INET_LOCAL_OUT]: nf_route_table_hook6,
	},
};

/**
 * Runs a local packet of either family through a chain.
 * @kernel net/netfilter/nft_chain_route.c:115 (v5.10)
 */
function nf_route_table_inet(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	switch (state.pf) {
		case NFPROTO_IPV4:
			return nf_route_table_hook4(priv, skb, state);
		case NFPROTO_IPV6:
			return nf_route_table_hook6(priv, skb, state);
		default:
			return nft_do_chain(nft_pktinfo_of(skb, state), priv);
	}
}

const nft_chain_route_inet: nft_chain_type = {
	name: 'route',
	type: NFT_CHAIN_T_ROUTE,
	family: NFPROTO_INET,
	hook_mask: 1 << NF_INET_LOCAL_OUT,
	hooks: {
		[NF_INET_LOCAL_OUT]: nf_route_table_inet,
	},
};

/**
 * Registers the type.
 * @kernel net/netfilter/nft_chain_route.c:145 (v5.10)
 */
export function nft_chain_route_init(m: Machine): void {
	nft_register_chain_type(m, nft_chain_route_ipv6);
	nft_register_chain_type(m, nft_chain_route_ipv4);
	nft_register_chain_type(m, nft_chain_route_inet);
}
