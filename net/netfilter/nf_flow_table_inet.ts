// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_flow_table_inet.c, base v5.10: the flow table of family inet.
 *
 * Not ported: nf_flow_rule_route_inet, hardware offload.
 */
import type { Machine } from '../../include/linux/machine.ts';
import type { nf_hook_state } from '../../include/linux/netfilter.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import type { nf_flowtable_type } from '../../include/net/netfilter/nf_flow_table.ts';
import { ETH_P_IP, ETH_P_IPV6 } from '../../include/uapi/linux/if_ether.ts';
import { NF_ACCEPT, NFPROTO_INET } from '../../include/uapi/linux/netfilter.ts';
import { nf_flow_table_free, nf_flow_table_init } from './nf_flow_table_core.ts';
import { nf_flow_offload_ip_hook, nf_flow_offload_ipv6_hook } from './nf_flow_table_ip.ts';
import { nf_flow_table_offload_setup } from './nf_flow_table_offload.ts';
import { nft_register_flowtable_type, nft_unregister_flowtable_type } from './nf_tables_api.ts';

/**
 * Hands a packet to the hook of its protocol.
 * v3: S05 - a packet with a second tag has protocol 0x8100 and is accepted here, so that a table of
 * family inet never sees it.
 * @returns NF_ACCEPT, NF_DROP or NF_STOLEN
 * @kernel net/netfilter/nf_flow_table_inet.c:11 (v5.10)
 */
function nf_flow_offload_inet_hook(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	switch (skb.protocol) {
		case ETH_P_IP:
			return nf_flow_offload_ip_hook(priv, skb, state);
		case ETH_P_IPV6:
			return nf_flow_offload_ipv6_hook(priv, skb, state);
	}
	return NF_ACCEPT;
}

const flowtable_inet: nf_flowtable_type = {
	family: NFPROTO_INET,
	init: nf_flow_table_init,
	setup: nf_flow_table_offload_setup,
	free: nf_flow_table_free,
	hook: nf_flow_offload_inet_hook,
};

/**
 * Registers the type.
 * @returns 0
 * @kernel net/netfilter/nf_flow_table_inet.c:57 (v5.10)
 */
export function nf_flow_inet_module_init(m: Machine): number {
	nft_register_flowtable_type(m, flowtable_inet);
	return 0;
}

/**
 * Takes the type back.
 * @kernel net/netfilter/nf_flow_table_inet.c:64 (v5.10)
 */
export function nf_flow_inet_module_exit(m: Machine): void {
	nft_unregister_flowtable_type(m, flowtable_inet);
}
