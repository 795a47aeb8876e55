// SPDX-License-Identifier: GPL-2.0
/*
 * net/netfilter/nft_chain_nat.c, base v5.10.
 *
 * Base chains of type nat: they see the first packet of a connection, called by the NAT core.
 */
import type { Machine } from '../../include/linux/machine.ts';
import type { nf_hook_ops } from '../../include/linux/netfilter.ts';
import type { nf_hook_state } from '../../include/linux/netfilter.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { nft_chain_type } from '../../include/net/netfilter/nf_tables.ts';
import { NFT_CHAIN_T_NAT } from '../../include/net/netfilter/nf_tables.ts';
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
	nf_nat_inet_register_fn,
	nf_nat_inet_unregister_fn,
	nf_nat_ipv4_register_fn,
	nf_nat_ipv4_unregister_fn,
	nf_nat_ipv6_register_fn,
	nf_nat_ipv6_unregister_fn,
} from './nf_nat_proto.ts';
import { nft_register_chain_type } from './nf_tables_api.ts';
import { nft_do_chain, nft_pktinfo_of } from './nf_tables_core.ts';
import { nft_set_pktinfo_ipv4 } from './nf_tables_ipv4.ts';
import { nft_set_pktinfo_ipv6 } from './nf_tables_ipv6.ts';

/**
 * Runs a packet through a chain.
 * @kernel net/netfilter/nft_chain_nat.c:10 (v5.10)
 */
function nft_nat_do_chain(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const pkt = nft_pktinfo_of(skb, state);

	switch (state.pf) {
		case NFPROTO_IPV4:
			nft_set_pktinfo_ipv4(pkt);
			break;
		case NFPROTO_IPV6:
			nft_set_pktinfo_ipv6(pkt);
			break;
		default:
			break;
	}

	return nft_do_chain(pkt, priv);
}

const nat_hook_mask =
	(1 << NF_INET_PRE_ROUTING) |
	(1 << NF_INET_POST_ROUTING) |
	(1 << NF_INET_LOCAL_OUT) |
	(1 << NF_INET_LOCAL_IN);

const nat_hooks = {
	[NF_INET_PRE_ROUTING]: nft_nat_do_chain,
	[NF_INET_POST_ROUTING]: nft_nat_do_chain,
	[NF_INET_LOCAL_OUT]: nft_nat_do_chain,
	[NF_INET_LOCAL_IN]: nft_nat_do_chain,
};

const nft_chain_nat_ipv4: nft_chain_type = {
	name: 'nat',
	type: NFT_CHAIN_T_NAT,
	family: NFPROTO_IPV4,
	hook_mask: nat_hook_mask,
	hooks: nat_hooks,
	ops_register: nf_nat_ipv4_register_fn,
	ops_unregister: nf_nat_ipv4_unregister_fn,
};

const nft_chain_nat_ipv6: nft_chain_type = {
	name: 'nat',
	type: NFT_CHAIN_T_NAT,
	family: NFPROTO_IPV6,
	hook_mask: nat_hook_mask,
	hooks: nat_hooks,
	ops_register: nf_nat_ipv6_register_fn,
	ops_unregister: nf_nat_ipv6_unregister_fn,
};

/**
 * Registers a chain for both families.
 * @returns 0 or what the NAT core says
 * @kernel net/netfilter/nft_chain_nat.c:78 (v5.10)
 */
function nft_nat_inet_reg(net: net, ops: nf_hook_ops): number {
	return nf_nat_inet_register_fn(net, ops);
}

/**
 * Takes a chain out for both families.
 * @kernel net/netfilter/nft_chain_nat.c:83 (v5.10)
 */
function nft_nat_inet_unreg(net: net, ops: nf_hook_ops): void {
	nf_nat_inet_unregister_fn(net, ops);
}

const nft_chain_nat_inet: nft_chain_type = {
	name: 'nat',
	type: NFT_CHAIN_T_NAT,
	family: NFPROTO_INET,
	hook_mask: nat_hook_mask,
	hooks: nat_hooks,
	ops_register: nft_nat_inet_reg,
	ops_unregister: nft_nat_inet_unreg,
};

/**
 * Registers the type.
 * @returns 0
 * @kernel net/netfilter/nft_chain_nat.c:108 (v5.10)
 */
export function nft_chain_nat_init(m: Machine): number {
	nft_register_chain_type(m, nft_chain_nat_ipv6);
	nft_register_chain_type(m, nft_chain_nat_ipv4);
	nft_register_chain_type(m, nft_chain_nat_inet);
	return 0;
}
