// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_conntrack_proto_generic.c, base v5.10: protocols that nobody knows more about.
 *
 * PORT: generic_packet() of nf_conntrack_core.c stands here, as member of the protocol.
 * Not ported: timeout policies.
 */
import type { net } from '../../include/net/net_namespace.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import type { nf_hook_state } from '../../include/linux/netfilter.ts';
import { HZ } from '../../include/linux/machine.ts';
import { NF_ACCEPT } from '../../include/uapi/linux/netfilter.ts';
import { nf_ct_net, type nf_conn } from '../../include/net/netfilter/nf_conntrack.ts';
import {
	nf_generic_pernet,
	type nf_conntrack_l4proto,
} from '../../include/net/netfilter/nf_conntrack_l4proto.ts';
import { nf_ct_refresh_acct } from './nf_conntrack_core.ts';

const nf_ct_generic_timeout = 600 * HZ;

/**
 * Takes a packet into its connection.
 * @returns NF_ACCEPT
 * @kernel net/netfilter/nf_conntrack_core.c:1734 (v5.10)
 */
function generic_packet(
	ct: nf_conn,
	skb: sk_buff,
	_dataoff: number,
	ctinfo: number,
	_state: nf_hook_state,
): number {
	nf_ct_refresh_acct(ct, ctinfo, skb, nf_generic_pernet(nf_ct_net(ct)).timeout);
	return NF_ACCEPT;
}

/**
 * Gives a namespace its settings.
 * @kernel net/netfilter/nf_conntrack_proto_generic.c:60 (v5.10)
 */
export function nf_conntrack_generic_init_net(net: net): void {
	nf_generic_pernet(net).timeout = nf_ct_generic_timeout;
}

export const nf_conntrack_l4proto_generic: nf_conntrack_l4proto = {
	l4proto: 255,
	allow_clash: false,
	can_early_drop: null,
	to_nlattr: null,
	from_nlattr: null,
	tuple_to_nlattr: null,
	nlattr_to_tuple: null,
	print_conntrack: null,
	pkt_to_tuple: null,
	packet: generic_packet,
	error: null,
};
