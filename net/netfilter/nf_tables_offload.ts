// SPDX-License-Identifier: GPL-2.0
/*
 * net/netfilter/nf_tables_offload.c, base v5.10.
 *
 * Refuses chains that shall be offloaded to hardware.
 * Not ported: everything that talks to a device (no device of this world has ndo_setup_tc or an indirect
 * block), and with it the rules of such a chain: binding the chain fails first.
 */
import type { net } from '../../include/net/net_namespace.ts';
import type { nft_base_chain } from '../../include/net/netfilter/nf_tables.ts';
import { EOPNOTSUPP } from '../../include/uapi/linux/errno.ts';
import { NFPROTO_NETDEV } from '../../include/uapi/linux/netfilter.ts';
import {
	NFT_CHAIN_HW_OFFLOAD,
	NFT_MSG_NEWCHAIN,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';

/**
 * Checks that hardware takes the priority of a chain.
 * @returns 0, -1 when it is not from 1 to 65535
 * @kernel net/netfilter/nf_tables_offload.c:169 (v5.10)
 */
export function nft_chain_offload_priority(basechain: nft_base_chain): number {
	if (basechain.ops.priority <= 0 || basechain.ops.priority > 0xffff) return -1;
	return 0;
}

/**
 * Hands the batch's offloaded chains to hardware.
 * @returns 0 when there is none, -EOPNOTSUPP
 * @kernel net/netfilter/nf_tables_offload.c:461 (v5.10)
 */
export function nft_flow_rule_offload_commit(net: net): number {
	for (const trans of net.nft.commit_list) {
		if (trans.ctx.family !== NFPROTO_NETDEV) continue;

		switch (trans.msg_type) {
			case NFT_MSG_NEWCHAIN:
				if (
					(trans.ctx.chain!.flags & NFT_CHAIN_HW_OFFLOAD) === 0 ||
					trans.update
				)
					continue;
				return -EOPNOTSUPP;
			default:
				break;
		}
	}
	return 0;
}
