// SPDX-License-Identifier: GPL-2.0
/*
 * net/netfilter/nf_conntrack_proto.c, base v5.10: the hooks by which packets enter and leave connection
 * tracking, registered in a namespace while rules there need it.
 *
 * PORT: nf_l4proto_log_invalid() and nf_ct_l4proto_log_invalid() are in nf_conntrack_core.ts, because the
 * protocols use them and this file imports the protocols. nf_conntrack_proto_init() also fills the table by
 * which the core finds the protocols.
 * Not ported: SO_ORIGINAL_DST (no program asks), helpers and sequence adjustment in nf_confirm(), DCCP, SCTP,
 * GRE and UDP-Lite (tracked as any other protocol).
 */
import type { net } from '../../include/net/net_namespace.ts';
import { pernet_var } from '../../include/net/net_namespace.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import type { nf_hook_ops, nf_hook_state } from '../../include/linux/netfilter.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import { ip_hdr } from '../../include/linux/ip.ts';
import { ip_is_fragment } from '../../include/net/ip.ts';
import {
	IPPROTO_ICMP,
	IPPROTO_ICMPV6,
	IPPROTO_TCP,
	IPPROTO_UDP,
} from '../../include/uapi/linux/in.ts';
import {
	NF_ACCEPT,
	NF_INET_LOCAL_IN,
	NF_INET_LOCAL_OUT,
	NF_INET_POST_ROUTING,
	NF_INET_PRE_ROUTING,
	NFPROTO_BRIDGE,
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
} from '../../include/uapi/linux/netfilter.ts';
import {
	NF_IP_PRI_CONNTRACK,
	NF_IP_PRI_CONNTRACK_CONFIRM,
} from '../../include/linux/netfilter_ipv4.ts';
import { NF_IP6_PRI_CONNTRACK, NF_IP6_PRI_LAST } from '../../include/linux/netfilter_ipv6.ts';
import { EPROTO } from '../../include/uapi/linux/errno.ts';
import { TCP_CONNTRACK_ESTABLISHED } from '../../include/uapi/linux/netfilter/nf_conntrack_tcp.ts';
import {
	nf_conntrack_net,
	nf_ct_is_template,
	nf_ct_l3num,
	nf_ct_protonum,
	nf_ct_put,
	nf_ct_set,
	type nf_conn,
} from '../../include/net/netfilter/nf_conntrack.ts';
import type { nf_conntrack_l4proto } from '../../include/net/netfilter/nf_conntrack_l4proto.ts';
import type { nf_ct_bridge_info } from '../../include/net/netfilter/nf_conntrack_bridge.ts';
import { nf_defrag_ipv4_enable } from '../ipv4/netfilter/nf_defrag_ipv4.ts';
import { nf_defrag_ipv6_enable } from '../ipv6/netfilter/nf_defrag_ipv6_hooks.ts';
import { nf_register_net_hooks, nf_unregister_net_hooks } from './core.ts';
import {
	nf_conntrack_confirm,
	nf_conntrack_in,
	nf_conntrack_vars,
	nf_ct_iterate_cleanup_net,
} from './nf_conntrack_core.ts';
import {
	nf_conntrack_generic_init_net,
	nf_conntrack_l4proto_generic,
} from './nf_conntrack_proto_generic.ts';
import {
	nf_conntrack_icmp_init_net,
	nf_conntrack_l4proto_icmp,
} from './nf_conntrack_proto_icmp.ts';
import {
	nf_conntrack_icmpv6_init_net,
	nf_conntrack_l4proto_icmpv6,
} from './nf_conntrack_proto_icmpv6.ts';
import { nf_conntrack_l4proto_tcp, nf_conntrack_tcp_init_net } from './nf_conntrack_proto_tcp.ts';
import { nf_conntrack_l4proto_udp, nf_conntrack_udp_init_net } from './nf_conntrack_proto_udp.ts';

export { nf_ct_l4proto_log_invalid, nf_l4proto_log_invalid } from './nf_conntrack_core.ts';

/** struct nf_conntrack_net of a namespace (nf_conntrack_net_id). */
const nf_conntrack_pernet = pernet_var(() => new nf_conntrack_net());

/**
 * Protocol by number.
 * @returns the protocol, never null: the generic one takes what has none of its own
 * @kernel net/netfilter/nf_conntrack_proto.c:97 (v5.10)
 */
export function nf_ct_l4proto_find(l4proto: number): nf_conntrack_l4proto {
	switch (l4proto) {
		case IPPROTO_UDP:
			return nf_conntrack_l4proto_udp;
		case IPPROTO_TCP:
			return nf_conntrack_l4proto_tcp;
		case IPPROTO_ICMP:
			return nf_conntrack_l4proto_icmp;
		case IPPROTO_ICMPV6:
			return nf_conntrack_l4proto_icmpv6;
	}
	return nf_conntrack_l4proto_generic;
}

/**
 * Lets a packet leave: what has come through all hooks is confirmed.
 * @returns NF_ACCEPT or NF_DROP
 * @kernel net/netfilter/nf_conntrack_proto.c:124 (v5.10)
 */
export function nf_confirm(skb: sk_buff): number {
	return nf_conntrack_confirm(skb);
}

/**
 * Hook where IPv4 packets leave. PORT: without helpers both ways of C end in the same.
 * @kernel net/netfilter/nf_conntrack_proto.c:158 (v5.10)
 */
function ipv4_confirm(_priv: unknown, skb: sk_buff, _state: nf_hook_state): number {
	return nf_confirm(skb);
}

/**
 * Hook where received IPv4 packets enter.
 * @kernel net/netfilter/nf_conntrack_proto.c:174 (v5.10)
 */
function ipv4_conntrack_in(_priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	return nf_conntrack_in(skb, state);
}

/**
 * Hook where local IPv4 packets enter. A fragment made by a socket that wants none collected is let by.
 * @kernel net/netfilter/nf_conntrack_proto.c:181 (v5.10)
 */
function ipv4_conntrack_local(_priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	if (ip_is_fragment(skb.view, ip_hdr(skb))) {
		const tmpl = skb._nfct;
		if (tmpl !== null && nf_ct_is_template(tmpl)) {
			nf_ct_set(skb, null, 0);
			nf_ct_put(tmpl);
		}
		return NF_ACCEPT;
	}
	return nf_conntrack_in(skb, state);
}

const ipv4_conntrack_ops: readonly nf_hook_ops[] = [
	{
		hook: ipv4_conntrack_in,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV4,
		hooknum: NF_INET_PRE_ROUTING,
		priority: NF_IP_PRI_CONNTRACK,
	},
	{
		hook: ipv4_conntrack_local,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV4,
		hooknum: NF_INET_LOCAL_OUT,
		priority: NF_IP_PRI_CONNTRACK,
	},
	{
		hook: ipv4_confirm,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV4,
		hooknum: NF_INET_POST_ROUTING,
		priority: NF_IP_PRI_CONNTRACK_CONFIRM,
	},
	{
		hook: ipv4_confirm,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV4,
		hooknum: NF_INET_LOCAL_IN,
		priority: NF_IP_PRI_CONNTRACK_CONFIRM,
	},
];

/**
 * Hook where IPv6 packets leave. PORT: without helpers all ways of C end in the same.
 * @kernel net/netfilter/nf_conntrack_proto.c:363 (v5.10)
 */
function ipv6_confirm(_priv: unknown, skb: sk_buff, _state: nf_hook_state): number {
	return nf_confirm(skb);
}

/**
 * Hook where received IPv6 packets enter.
 * @kernel net/netfilter/nf_conntrack_proto.c:387 (v5.10)
 */
function ipv6_conntrack_in(_priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	return nf_conntrack_in(skb, state);
}

/**
 * Hook where local IPv6 packets enter.
 * @kernel net/netfilter/nf_conntrack_proto.c:394 (v5.10)
 */
function ipv6_conntrack_local(_priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	return nf_conntrack_in(skb, state);
}

const ipv6_conntrack_ops: readonly nf_hook_ops[] = [
	{
		hook: ipv6_conntrack_in,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV6,
		hooknum: NF_INET_PRE_ROUTING,
		priority: NF_IP6_PRI_CONNTRACK,
	},
	{
		hook: ipv6_conntrack_local,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV6,
		hooknum: NF_INET_LOCAL_OUT,
		priority: NF_IP6_PRI_CONNTRACK,
	},
	{
		hook: ipv6_confirm,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV6,
		hooknum: NF_INET_POST_ROUTING,
		priority: NF_IP6_PRI_LAST,
	},
	{
		hook: ipv6_confirm,
		dev: null,
		priv: null,
		pf: NFPROTO_IPV6,
		hooknum: NF_INET_LOCAL_IN,
		priority: NF_IP6_PRI_LAST - 1,
	},
];

/**
 * Forgets the windows of an established TCP connection, for they may have moved while nobody looked.
 * @returns false: none is removed
 * @kernel net/netfilter/nf_conntrack_proto.c:429 (v5.10)
 */
function nf_ct_tcp_fixup(ct: nf_conn, nfproto: number): boolean {
	if (nf_ct_l3num(ct) !== nfproto) return false;
	const { tcp } = ct.proto;
	if (nf_ct_protonum(ct) === IPPROTO_TCP && tcp.state === TCP_CONNTRACK_ESTABLISHED) {
		tcp.seen[0].td_maxwin = 0;
		tcp.seen[1].td_maxwin = 0;
	}
	return false;
}

/** Set by the bridge. */
const nf_ct_bridge_var = machine_var((): { info: nf_ct_bridge_info | null } => ({ info: null }));

/**
 * Counts a user of a family and registers the hooks for the first.
 * @returns 0, -EPROTO for a family that cannot be tracked, or what registering says
 * @kernel net/netfilter/nf_conntrack_proto.c:447 (v5.10)
 */
function nf_ct_netns_do_get(net: net, nfproto: number): number {
	const cnet = nf_conntrack_pernet.of(net);
	let fixup_needed = false;
	let err = 0;

	out_unlock: {
		switch (nfproto) {
			case NFPROTO_IPV4:
				cnet.users4++;
				if (cnet.users4 > 1) break out_unlock;
				err = nf_defrag_ipv4_enable(net);
				if (err !== 0) {
					cnet.users4 = 0;
					break out_unlock;
				}
				err = nf_register_net_hooks(net, ipv4_conntrack_ops);
				if (err !== 0) cnet.users4 = 0;
				else fixup_needed = true;
				break;
			case NFPROTO_IPV6:
				cnet.users6++;
				if (cnet.users6 > 1) break out_unlock;
				err = nf_defrag_ipv6_enable(net);
				if (err < 0) {
					cnet.users6 = 0;
					break out_unlock;
				}
				err = nf_register_net_hooks(net, ipv6_conntrack_ops);
				if (err !== 0) cnet.users6 = 0;
				else fixup_needed = true;
				break;
			case NFPROTO_BRIDGE: {
				const { info } = nf_ct_bridge_var.of(net.machine);
				if (info === null) {
					err = -EPROTO;
					break out_unlock;
				}
				cnet.users_bridge++;
				if (cnet.users_bridge > 1) break out_unlock;
				err = nf_register_net_hooks(net, info.ops);
				if (err !== 0) cnet.users_bridge = 0;
				else fixup_needed = true;
				break;
			}
			default:
				err = -EPROTO;
				break;
		}
	}

	if (fixup_needed) nf_ct_iterate_cleanup_net(net, nf_ct_tcp_fixup, nfproto, 0, 0);
	return err;
}

/**
 * Counts a user of a family off and takes the hooks out after the last.
 * @kernel net/netfilter/nf_conntrack_proto.c:532 (v5.10)
 */
function nf_ct_netns_do_put(net: net, nfproto: number): void {
	const cnet = nf_conntrack_pernet.of(net);
	switch (nfproto) {
		case NFPROTO_IPV4:
			if (cnet.users4 !== 0 && --cnet.users4 === 0)
				nf_unregister_net_hooks(net, ipv4_conntrack_ops);
			break;
		case NFPROTO_IPV6:
			if (cnet.users6 !== 0 && --cnet.users6 === 0)
				nf_unregister_net_hooks(net, ipv6_conntrack_ops);
			break;
		case NFPROTO_BRIDGE: {
			const { info } = nf_ct_bridge_var.of(net.machine);
			if (info === null) break;
			if (cnet.users_bridge !== 0 && --cnet.users_bridge === 0)
				nf_unregister_net_hooks(net, info.ops);
			break;
		}
	}
}

/**
 * Counts a user of both IP families.
 * @returns 0 or a negative errno
 * @kernel net/netfilter/nf_conntrack_proto.c:563 (v5.10)
 */
function nf_ct_netns_inet_get(net: net): number {
	let err = nf_ct_netns_do_get(net, NFPROTO_IPV4);
	if (err < 0) return err;
	err = nf_ct_netns_do_get(net, NFPROTO_IPV6);
	if (err < 0) nf_ct_netns_put(net, NFPROTO_IPV4);
	return err;
}

/**
 * Switches connection tracking on in a namespace for someone who needs it.
 * @param nfproto NFPROTO_IPV4, IPV6, INET for both, BRIDGE for bridged packets and both
 * @returns 0, -EPROTO for a family that cannot be tracked, or what registering says
 * @kernel net/netfilter/nf_conntrack_proto.c:583 (v5.10)
 */
export function nf_ct_netns_get(net: net, nfproto: number): number {
	let err: number;
	switch (nfproto) {
		case NFPROTO_INET:
			err = nf_ct_netns_inet_get(net);
			break;
		case NFPROTO_BRIDGE:
			err = nf_ct_netns_do_get(net, NFPROTO_BRIDGE);
			if (err < 0) return err;
			err = nf_ct_netns_inet_get(net);
			if (err < 0) {
				nf_ct_netns_put(net, NFPROTO_BRIDGE);
				return err;
			}
			break;
		default:
			err = nf_ct_netns_do_get(net, nfproto);
			break;
	}
	return err;
}

/**
 * Takes back what nf_ct_netns_get() did.
 * @param nfproto as it was given there
 * @kernel net/netfilter/nf_conntrack_proto.c:610 (v5.10)
 */
export function nf_ct_netns_put(net: net, nfproto: number): void {
	switch (nfproto) {
		case NFPROTO_BRIDGE:
			nf_ct_netns_do_put(net, NFPROTO_BRIDGE);
		/* fallthrough */
		case NFPROTO_INET:
			nf_ct_netns_do_put(net, NFPROTO_IPV4);
			nf_ct_netns_do_put(net, NFPROTO_IPV6);
			break;
		default:
			nf_ct_netns_do_put(net, nfproto);
			break;
	}
}

/**
 * Makes the bridge's hooks known.
 * @kernel net/netfilter/nf_conntrack_proto.c:627 (v5.10)
 */
export function nf_ct_bridge_register(m: Machine, info: nf_ct_bridge_info): void {
	const v = nf_ct_bridge_var.of(m);
	if (v.info !== null) m.record('WARN', 'nf_ct_bridge_register', 'registered already');
	v.info = info;
}

/**
 * Forgets the bridge's hooks.
 * @kernel net/netfilter/nf_conntrack_proto.c:636 (v5.10)
 */
export function nf_ct_bridge_unregister(m: Machine, _info: nf_ct_bridge_info): void {
	const v = nf_ct_bridge_var.of(m);
	if (v.info === null) m.record('WARN', 'nf_ct_bridge_unregister', 'not registered');
	v.info = null;
}

/**
 * Fills the table of protocols.
 * @returns 0
 * @kernel net/netfilter/nf_conntrack_proto.c:645 (v5.10)
 */
export function nf_conntrack_proto_init(m: Machine): number {
	const { protos } = nf_conntrack_vars.of(m);
	for (let i = 0; i < 256; i++) protos[i] = nf_ct_l4proto_find(i);
	return 0;
}

/**
 * Gives a namespace the settings of all protocols.
 * @kernel net/netfilter/nf_conntrack_proto.c:676 (v5.10)
 */
export function nf_conntrack_proto_pernet_init(net: net): void {
	nf_conntrack_generic_init_net(net);
	nf_conntrack_udp_init_net(net);
	nf_conntrack_tcp_init_net(net);
	nf_conntrack_icmp_init_net(net);
	nf_conntrack_icmpv6_init_net(net);
}
