// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/netfilter/nf_flow_table_ipv4.c, base v5.10: the flow table of family ip.
 */
import type { Machine } from '../../../include/linux/machine.ts';
import type { nf_flowtable_type } from '../../../include/net/netfilter/nf_flow_table.ts';
import { NFPROTO_IPV4 } from '../../../include/uapi/linux/netfilter.ts';
import { nf_flow_table_free, nf_flow_table_init } from '../../netfilter/nf_flow_table_core.ts';
import { nf_flow_offload_ip_hook } from '../../netfilter/nf_flow_table_ip.ts';
import { nf_flow_table_offload_setup } from '../../netfilter/nf_flow_table_offload.ts';
import {
	nft_register_flowtable_type,
	nft_unregister_flowtable_type,
} from '../../netfilter/nf_tables_api.ts';

const flowtable_ipv4: nf_flowtable_type = {
	family: NFPROTO_IPV4,
	init: nf_flow_table_init,
	setup: nf_flow_table_offload_setup,
	free: nf_flow_table_free,
	hook: nf_flow_offload_ip_hook,
};

/**
 * Registers the type.
 * @returns 0
 * @kernel net/ipv4/netfilter/nf_flow_table_ipv4.c:19 (v5.10)
 */
export function nf_flow_ipv4_module_init(m: Machine): number {
	nft_register_flowtable_type(m, flowtable_ipv4);
	return 0;
}

/**
 * Takes the type back.
 * @kernel net/ipv4/netfilter/nf_flow_table_ipv4.c:26 (v5.10)
 */
export function nf_flow_ipv4_module_exit(m: Machine): void {
	nft_unregister_flowtable_type(m, flowtable_ipv4);
}
