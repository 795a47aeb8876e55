// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/netfilter/nf_defrag_ipv4.c, base v5.10: collects fragments before anyone looks at a packet.
 *
 * Not ported: packets of bridges that call the IP hooks (br_netfilter is absent).
 */
import type { net, pernet_operations } from '../../../include/net/net_namespace.ts';
import type { sk_buff } from '../../../include/linux/skbuff.ts';
import type { nf_hook_ops, nf_hook_state } from '../../../include/linux/netfilter.ts';
import type { Machine } from '../../../include/linux/machine.ts';
import { ip_hdr } from '../../../include/linux/ip.ts';
import { PF_INET } from '../../../include/linux/socket.ts';
import {
	IP_DEFRAG_CONNTRACK_IN,
	IP_DEFRAG_CONNTRACK_OUT,
	ip_is_fragment,
} from '../../../include/net/ip.ts';
import { inet_sk } from '../../../include/net/inet_sock.ts';
import { sk_fullsock } from '../../../include/net/sock.ts';
import {
	NF_ACCEPT,
	NF_INET_LOCAL_OUT,
	NF_INET_PRE_ROUTING,
	NF_STOLEN,
	NFPROTO_IPV4,
} from '../../../include/uapi/linux/netfilter.ts';
import { NF_IP_PRI_CONNTRACK_DEFRAG } from '../../../include/linux/netfilter_ipv4.ts';
import { IP_CT_UNTRACKED } from '../../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import { CTINFO2DIR } from '../../../include/uapi/linux/netfilter/nf_conntrack_tuple_common.ts';
import { NF_CT_DEFAULT_ZONE_ID } from '../../../include/linux/netfilter/nf_conntrack_zones_common.ts';
import { nf_ct_zone, nf_ct_zone_id } from '../../../include/net/netfilter/nf_conntrack_zones.ts';
import { register_pernet_subsys } from '../../core/net_namespace.ts';
import { nf_register_net_hooks, nf_unregister_net_hooks } from '../../netfilter/core.ts';
import { ip_defrag } from '../ip_fragment.ts';

/**
 * Gives a fragment to the collection.
 * @returns 0: skb is the whole packet now; else it is kept or gone
 * @kernel net/ipv4/netfilter/nf_defrag_ipv4.c:25 (v5.10)
 */
function nf_ct_ipv4_gather_frags(net: net, skb: sk_buff, user: number): number {
	net.machine.local_bh_disable();
	const err = ip_defrag(net, skb, user);
	net.machine.local_bh_enable();
	if (err === 0) skb.ignore_df = true;
	return err;
}

/**
 * Keeps the fragments of different places and zones apart.
 * @returns IP_DEFRAG_CONNTRACK_* plus the zone
 * @kernel net/ipv4/netfilter/nf_defrag_ipv4.c:40 (v5.10)
 */
function nf_ct_defrag_user(hooknum: number, skb: sk_buff): number {
	const ct = skb._nfct;
	const zone_id =
		ct === null
			? NF_CT_DEFAULT_ZONE_ID
			: nf_ct_zone_id(nf_ct_zone(ct), CTINFO2DIR(skb.nfctinfo));
	return (
		(hooknum === NF_INET_PRE_ROUTING
			? IP_DEFRAG_CONNTRACK_IN
			: IP_DEFRAG_CONNTRACK_OUT) + zone_id
	);
}

/**
 * The hook: takes fragments, gives back whole packets.
 * @returns NF_ACCEPT, NF_STOLEN
 * @kernel net/ipv4/netfilter/nf_defrag_ipv4.c:61 (v5.10)
 */
function ipv4_conntrack_defrag(_priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const { sk } = skb;
	if (sk !== null && sk_fullsock(sk) && sk.sk_family === PF_INET && inet_sk(sk).nodefrag)
		return NF_ACCEPT;
	if (skb._nfct === null && skb.nfctinfo === IP_CT_UNTRACKED) return NF_ACCEPT;
	if (ip_is_fragment(skb.view, ip_hdr(skb))) {
		const user = nf_ct_defrag_user(state.hook, skb);
		if (nf_ct_ipv4_gather_frags(state.net, skb, user) !== 0) return NF_STOLEN;
	}
	return NF_ACCEPT;
}

const ipv4_defrag_ops: readonly nf_hook_ops[] = [
	{
		hook: ipv4_conntrack_defrag,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV4,
		hooknum: NF_INET_PRE_ROUTING,
		priority: NF_IP_PRI_CONNTRACK_DEFRAG,
	},
	{
		hook: ipv4_conntrack_defrag,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV4,
		hooknum: NF_INET_LOCAL_OUT,
		priority: NF_IP_PRI_CONNTRACK_DEFRAG,
	},
];

/**
 * Cleans up a namespace.
 * @kernel net/ipv4/netfilter/nf_defrag_ipv4.c:107 (v5.10)
 */
function defrag4_net_exit(net: net): void {
	if (net.nf.defrag_ipv4) {
		nf_unregister_net_hooks(net, ipv4_defrag_ops);
		net.nf.defrag_ipv4 = false;
	}
}

const defrag4_net_ops: pernet_operations = { exit: defrag4_net_exit };

/**
 * Boots the collection of IPv4 fragments for connection tracking. PORT: called nf_defrag_init in C, as
 * its IPv6 counterpart is.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/netfilter/nf_defrag_ipv4.c:120 (v5.10)
 */
export function nf_defrag_ipv4_init(m: Machine): number {
	return register_pernet_subsys(m, defrag4_net_ops);
}

/**
 * Switches the collection on in a namespace, for good.
 * @returns 0 or what registering says
 * @kernel net/ipv4/netfilter/nf_defrag_ipv4.c:130 (v5.10)
 */
export function nf_defrag_ipv4_enable(net: net): number {
	if (net.nf.defrag_ipv4) return 0;
	const err = nf_register_net_hooks(net, ipv4_defrag_ops);
	if (err === 0) net.nf.defrag_ipv4 = true;
	return err;
}
