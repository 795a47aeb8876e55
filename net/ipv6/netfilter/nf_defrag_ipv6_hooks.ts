// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv6/netfilter/nf_defrag_ipv6_hooks.c, base v5.10: collects fragments before anyone looks at a
 * packet.
 *
 * Not ported: packets of bridges that call the IP hooks (br_netfilter is absent).
 */
import type { net, pernet_operations } from '../../../include/net/net_namespace.ts';
import type { sk_buff } from '../../../include/linux/skbuff.ts';
import type { nf_hook_ops, nf_hook_state } from '../../../include/linux/netfilter.ts';
import type { Machine } from '../../../include/linux/machine.ts';
import { NF_IP6_PRI_CONNTRACK_DEFRAG } from '../../../include/linux/netfilter_ipv6.ts';
import { NF_CT_DEFAULT_ZONE_ID } from '../../../include/linux/netfilter/nf_conntrack_zones_common.ts';
import {
	IP6_DEFRAG_CONNTRACK_IN,
	IP6_DEFRAG_CONNTRACK_OUT,
} from '../../../include/net/ipv6_frag.ts';
import { nf_ct_is_template } from '../../../include/net/netfilter/nf_conntrack.ts';
import { nf_ct_zone, nf_ct_zone_id } from '../../../include/net/netfilter/nf_conntrack_zones.ts';
import { EINPROGRESS } from '../../../include/uapi/linux/errno.ts';
import {
	NF_ACCEPT,
	NF_DROP,
	NF_INET_LOCAL_OUT,
	NF_INET_PRE_ROUTING,
	NF_STOLEN,
	NFPROTO_IPV6,
} from '../../../include/uapi/linux/netfilter.ts';
import { IP_CT_UNTRACKED } from '../../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import { CTINFO2DIR } from '../../../include/uapi/linux/netfilter/nf_conntrack_tuple_common.ts';
import { register_pernet_subsys } from '../../core/net_namespace.ts';
import { nf_register_net_hooks, nf_unregister_net_hooks } from '../../netfilter/core.ts';
import { nf_ct_frag6_gather, nf_ct_frag6_init } from './nf_conntrack_reasm.ts';

/**
 * Keeps the fragments of different places and zones apart.
 * @returns IP6_DEFRAG_CONNTRACK_* plus the zone
 * @kernel net/ipv6/netfilter/nf_defrag_ipv6_hooks.c:30 (v5.10)
 */
function nf_ct6_defrag_user(hooknum: number, skb: sk_buff): number {
	const ct = skb._nfct;
	const zone_id =
		ct === null
			? NF_CT_DEFAULT_ZONE_ID
			: nf_ct_zone_id(nf_ct_zone(ct), CTINFO2DIR(skb.nfctinfo));

	return (
		(hooknum === NF_INET_PRE_ROUTING
			? IP6_DEFRAG_CONNTRACK_IN
			: IP6_DEFRAG_CONNTRACK_OUT) + zone_id
	);
}

/**
 * The hook: takes fragments, gives back whole packets.
 * @returns NF_ACCEPT, NF_STOLEN or NF_DROP
 * @kernel net/ipv6/netfilter/nf_defrag_ipv6_hooks.c:51 (v5.10)
 */
function ipv6_defrag(_priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	/* Seen before: loopback. */
	if (skb._nfct !== null && !nf_ct_is_template(skb._nfct)) return NF_ACCEPT;
	if (skb._nfct === null && skb.nfctinfo === IP_CT_UNTRACKED) return NF_ACCEPT;

	const err = nf_ct_frag6_gather(state.net, skb, nf_ct6_defrag_user(state.hook, skb));
	if (err === -EINPROGRESS) return NF_STOLEN;

	return err === 0 ? NF_ACCEPT : NF_DROP;
}

const ipv6_defrag_ops: readonly nf_hook_ops[] = [
	{
		hook: ipv6_defrag,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV6,
		hooknum: NF_INET_PRE_ROUTING,
		priority: NF_IP6_PRI_CONNTRACK_DEFRAG,
	},
	{
		hook: ipv6_defrag,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV6,
		hooknum: NF_INET_LOCAL_OUT,
		priority: NF_IP6_PRI_CONNTRACK_DEFRAG,
	},
];

/**
 * Cleans up a namespace.
 * @kernel net/ipv6/netfilter/nf_defrag_ipv6_hooks.c:90 (v5.10)
 */
function defrag6_net_exit(net: net): void {
	if (net.nf.defrag_ipv6) {
		nf_unregister_net_hooks(net, ipv6_defrag_ops);
		net.nf.defrag_ipv6 = false;
	}
}

const defrag6_net_ops: pernet_operations = { exit: defrag6_net_exit };

/**
 * Boots the collection of IPv6 fragments for connection tracking. PORT: called nf_defrag_init in C, as
 * its IPv4 counterpart is.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/netfilter/nf_defrag_ipv6_hooks.c:103 (v5.10)
 */
export function nf_defrag_ipv6_init(m: Machine): number {
	const ret = nf_ct_frag6_init(m);

	if (ret < 0) return ret;
	return register_pernet_subsys(m, defrag6_net_ops);
}

/**
 * Switches the collection on in a namespace, for good.
 * @returns 0 or what registering says
 * @kernel net/ipv6/netfilter/nf_defrag_ipv6_hooks.c:131 (v5.10)
 */
export function nf_defrag_ipv6_enable(net: net): number {
	if (net.nf.defrag_ipv6) return 0;
	const err = nf_register_net_hooks(net, ipv6_defrag_ops);
	if (err === 0) net.nf.defrag_ipv6 = true;
	return err;
}
