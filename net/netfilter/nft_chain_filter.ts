// SPDX-License-Identifier: GPL-2.0
/*
 * net/netfilter/nft_chain_filter.c, base v5.10.
 *
 * Base chains of type filter, for every family, and what becomes of netdev chains when their device goes.
 */
import { get_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import type { Machine } from '../../include/linux/machine.ts';
import { machine_var } from '../../include/linux/machine.ts';
import type { net_device, netdev_notifier_info } from '../../include/linux/netdevice.ts';
import {
	NETDEV_CHANGENAME,
	NETDEV_UNREGISTER,
	dev_net,
	netdev_notifier_info_to_dev,
} from '../../include/linux/netdevice.ts';
import { nf_hook_state } from '../../include/linux/netfilter.ts';
import type { notifier_block } from '../../include/linux/notifier.ts';
import { NOTIFY_DONE } from '../../include/linux/notifier.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import type {
	nft_chain_type,
	nft_base_chain,
	nft_hook_dev,
} from '../../include/net/netfilter/nf_tables.ts';
import {
	NFT_CHAIN_T_DEFAULT,
	nft_ctx,
	nft_is_base_chain,
	nft_set_pktinfo_unspec,
} from '../../include/net/netfilter/nf_tables.ts';
import { ETHHDR_h_proto, ETH_P_IP, ETH_P_IPV6 } from '../../include/uapi/linux/if_ether.ts';
import {
	NFPROTO_ARP,
	NFPROTO_BRIDGE,
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
	NFPROTO_NETDEV,
	NF_ACCEPT,
	NF_DROP,
	NF_INET_FORWARD,
	NF_INET_INGRESS,
	NF_INET_LOCAL_IN,
	NF_INET_LOCAL_OUT,
	NF_INET_POST_ROUTING,
	NF_INET_PRE_ROUTING,
	NF_NETDEV_INGRESS,
} from '../../include/uapi/linux/netfilter.ts';
import { register_netdevice_notifier } from '../core/dev.ts';
import { nf_unregister_net_hook } from './core.ts';
import {
	__nft_release_basechain,
	nft_register_chain_type,
	nft_unregister_chain_type,
} from './nf_tables_api.ts';
import { nft_do_chain, nft_pktinfo_of, type nft_frame } from './nf_tables_core.ts';
import {
	nft_set_pktinfo_ipv4,
	nft_set_pktinfo_ipv4_ingress,
	nft_set_pktinfo_ipv4_validate,
} from './nf_tables_ipv4.ts';
import {
	nft_set_pktinfo_ipv6,
	nft_set_pktinfo_ipv6_ingress,
	nft_set_pktinfo_ipv6_validate,
} from './nf_tables_ipv6.ts';

/**
 * Runs an IPv4 packet through a chain.
 * @kernel net/netfilter/nft_chain_filter.c:14 (v5.10)
 */
function nft_do_chain_ipv4(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const pkt = nft_pktinfo_of(skb, state);

	nft_set_pktinfo_ipv4(pkt);

	return nft_do_chain(pkt, priv);
}

const nft_chain_filter_ipv4: nft_chain_type = {
	name: 'filter',
	type: NFT_CHAIN_T_DEFAULT,
	family: NFPROTO_IPV4,
	hook_mask:
		(1 << NF_INET_LOCAL_IN) |
		(1 << NF_INET_LOCAL_OUT) |
		(1 << NF_INET_FORWARD) |
		(1 << NF_INET_PRE_ROUTING) |
		(1 << NF_INET_POST_ROUTING),
	hooks: {
		[NF_INET_LOCAL_IN]: nft_do_chain_ipv4,
		[NF_INET_LOCAL_OUT]: nft_do_chain_ipv4,
		[NF_INET_FORWARD]: nft_do_chain_ipv4,
		[NF_INET_PRE_ROUTING]: nft_do_chain_ipv4,
		[NF_INET_POST_ROUTING]: nft_do_chain_ipv4,
	},
};

/**
 * Registers the type for ip tables.
 * @kernel net/netfilter/nft_chain_filter.c:44 (v5.10)
 */
function nft_chain_filter_ipv4_init(m: Machine): void {
	nft_register_chain_type(m, nft_chain_filter_ipv4);
}

/**
 * Runs an ARP packet through a chain.
 * @kernel net/netfilter/nft_chain_filter.c:59 (v5.10)
 */
function nft_do_chain_arp(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const pkt = nft_pktinfo_of(skb, state);

	nft_set_pktinfo_unspec(pkt);

	return nft_do_chain(pkt, priv);
}

/* include/uapi/linux/netfilter_arp.h */
const NF_ARP_IN = 0;
const NF_ARP_OUT = 1;

const nft_chain_filter_arp: nft_chain_type = {
	name: 'filter',
	type: NFT_CHAIN_T_DEFAULT,
	family: NFPROTO_ARP,
	hook_mask: (1 << NF_ARP_IN) | (1 << NF_ARP_OUT),
	hooks: {
		[NF_ARP_IN]: nft_do_chain_arp,
		[NF_ARP_OUT]: nft_do_chain_arp,
	},
};

/**
 * Registers the type for arp tables.
 * @kernel net/netfilter/nft_chain_filter.c:83 (v5.10)
 */
function nft_chain_filter_arp_init(m: Machine): void {
	nft_register_chain_type(m, nft_chain_filter_arp);
}

/**
 * Runs an IPv6 packet through a chain.
 * @kernel net/netfilter/nft_chain_filter.c:98 (v5.10)
 */
function nft_do_chain_ipv6(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const pkt = nft_pktinfo_of(skb, state);

	nft_set_pktinfo_ipv6(pkt);

	return nft_do_chain(pkt, priv);
}

const nft_chain_filter_ipv6: nft_chain_type = {
	name: 'filter',
	type: NFT_CHAIN_T_DEFAULT,
	family: NFPROTO_IPV6,
	hook_mask:
		(1 << NF_INET_LOCAL_IN) |
		(1 << NF_INET_LOCAL_OUT) |
		(1 << NF_INET_FORWARD) |
		(1 << NF_INET_PRE_ROUTING) |
		(1 << NF_INET_POST_ROUTING),
	hooks: {
		[NF_INET_LOCAL_IN]: nft_do_chain_ipv6,
		[NF_INET_LOCAL_OUT]: nft_do_chain_ipv6,
		[NF_INET_FORWARD]: nft_do_chain_ipv6,
		[NF_INET_PRE_ROUTING]: nft_do_chain_ipv6,
		[NF_INET_POST_ROUTING]: nft_do_chain_ipv6,
	},
};

/**
 * Registers the type for ip6 tables.
 * @kernel net/netfilter/nft_chain_filter.c:128 (v5.10)
 */
function nft_chain_filter_ipv6_init(m: Machine): void {
	nft_register_chain_type(m, nft_chain_filter_ipv6);
}

/**
 * Runs a packet of either family through a chain.
 * @kernel net/netfilter/nft_chain_filter.c:143 (v5.10)
 */
function nft_do_chain_inet(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
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

/** The state of a netdev hook as an inet hook sees it; on the stack in C. */
const ingress_states = machine_var((m) => new nf_hook_state(m.init_net ?? m.net_namespace_list[0]));

/**
 * Runs a packet that just came in through a chain of an inet table; others than IP pass.
 * @kernel net/netfilter/nft_chain_filter.c:164 (v5.10)
 */
function nft_do_chain_inet_ingress(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const ingress_state = ingress_states.of(skb.machine);
	ingress_state.in = state.in;
	ingress_state.out = state.out;
	ingress_state.sk = state.sk;
	ingress_state.net = state.net;
	ingress_state.okfn = state.okfn;
	/* The hook itself is NFPROTO_NETDEV, NF_NETDEV_INGRESS. */
	ingress_state.hook = NF_INET_INGRESS;

	let pkt: nft_frame;
	switch (skb.protocol) {
		case ETH_P_IP:
			ingress_state.pf = NFPROTO_IPV4;
			pkt = nft_pktinfo_of(skb, ingress_state);

			if (nft_set_pktinfo_ipv4_ingress(pkt) < 0) return NF_DROP;
			break;
		case ETH_P_IPV6:
			ingress_state.pf = NFPROTO_IPV6;
			pkt = nft_pktinfo_of(skb, ingress_state);

			if (nft_set_pktinfo_ipv6_ingress(pkt) < 0) return NF_DROP;
			break;
		default:
			return NF_ACCEPT;
	}

	return nft_do_chain(pkt, priv);
}

const nft_chain_filter_inet: nft_chain_type = {
	name: 'filter',
	type: NFT_CHAIN_T_DEFAULT,
	family: NFPROTO_INET,
	hook_mask:
		(1 << NF_INET_INGRESS) |
		(1 << NF_INET_LOCAL_IN) |
		(1 << NF_INET_LOCAL_OUT) |
		(1 << NF_INET_FORWARD) |
		(1 << NF_INET_PRE_ROUTING) |
		(1 << NF_INET_POST_ROUTING),
	hooks: {
		[NF_INET_INGRESS]: nft_do_chain_inet_ingress,
		[NF_INET_LOCAL_IN]: nft_do_chain_inet,
		[NF_INET_LOCAL_OUT]: nft_do_chain_inet,
		[NF_INET_FORWARD]: nft_do_chain_inet,
		[NF_INET_PRE_ROUTING]: nft_do_chain_inet,
		[NF_INET_POST_ROUTING]: nft_do_chain_inet,
	},
};

/**
 * Registers the type for inet tables.
 * @kernel net/netfilter/nft_chain_filter.c:215 (v5.10)
 */
function nft_chain_filter_inet_init(m: Machine): void {
	nft_register_chain_type(m, nft_chain_filter_inet);
}

/**
 * Runs a bridged frame through a chain.
 * @kernel net/netfilter/nft_chain_filter.c:231 (v5.10)
 */
function nft_do_chain_bridge(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const pkt = nft_pktinfo_of(skb, state);

	switch (get_unaligned_be16(skb.head, skb.mac_header + ETHHDR_h_proto)) {
		case ETH_P_IP:
			nft_set_pktinfo_ipv4_validate(pkt);
			break;
		case ETH_P_IPV6:
			nft_set_pktinfo_ipv6_validate(pkt);
			break;
		default:
			nft_set_pktinfo_unspec(pkt);
			break;
	}

	return nft_do_chain(pkt, priv);
}

/* include/uapi/linux/netfilter_bridge.h */
const NF_BR_PRE_ROUTING = 0;
const NF_BR_LOCAL_IN = 1;
const NF_BR_FORWARD = 2;
const NF_BR_LOCAL_OUT = 3;
const NF_BR_POST_ROUTING = 4;

const nft_chain_filter_bridge: nft_chain_type = {
	name: 'filter',
	type: NFT_CHAIN_T_DEFAULT,
	family: NFPROTO_BRIDGE,
	hook_mask:
		(1 << NF_BR_PRE_ROUTING) |
		(1 << NF_BR_LOCAL_IN) |
		(1 << NF_BR_FORWARD) |
		(1 << NF_BR_LOCAL_OUT) |
		(1 << NF_BR_POST_ROUTING),
	hooks: {
		[NF_BR_PRE_ROUTING]: nft_do_chain_bridge,
		[NF_BR_LOCAL_IN]: nft_do_chain_bridge,
		[NF_BR_FORWARD]: nft_do_chain_bridge,
		[NF_BR_LOCAL_OUT]: nft_do_chain_bridge,
		[NF_BR_POST_ROUTING]: nft_do_chain_bridge,
	},
};

/**
 * Registers the type for bridge tables.
 * @kernel net/netfilter/nft_chain_filter.c:272 (v5.10)
 */
function nft_chain_filter_bridge_init(m: Machine): void {
	nft_register_chain_type(m, nft_chain_filter_bridge);
}

/**
 * Runs a frame that just came in through a chain.
 * @kernel net/netfilter/nft_chain_filter.c:287 (v5.10)
 */
function nft_do_chain_netdev(priv: unknown, skb: sk_buff, state: nf_hook_state): number {
	const pkt = nft_pktinfo_of(skb, state);

	switch (skb.protocol) {
		case ETH_P_IP:
			nft_set_pktinfo_ipv4_validate(pkt);
			break;
		case ETH_P_IPV6:
			nft_set_pktinfo_ipv6_validate(pkt);
			break;
		default:
			nft_set_pktinfo_unspec(pkt);
			break;
	}

	return nft_do_chain(pkt, priv);
}

const nft_chain_filter_netdev: nft_chain_type = {
	name: 'filter',
	type: NFT_CHAIN_T_DEFAULT,
	family: NFPROTO_NETDEV,
	hook_mask: 1 << NF_NETDEV_INGRESS,
	hooks: {
		[NF_NETDEV_INGRESS]: nft_do_chain_netdev,
	},
};

/**
 * Takes a device that goes out of a chain; with its last device the chain goes.
 * @param event NETDEV_*
 * @kernel net/netfilter/nft_chain_filter.c:319 (v5.10)
 */
function nft_netdev_event(event: number, dev: net_device, ctx: nft_ctx): void {
	const basechain = ctx.chain as nft_base_chain;
	let found: nft_hook_dev | null = null;

	if (event !== NETDEV_UNREGISTER) return;

	for (const hook of basechain.hook_list) {
		if (hook.ops.dev === dev) found = hook;
	}
	if (found === null) return;

	if (basechain.hook_list.length > 1) {
		nf_unregister_net_hook(ctx.net, found.ops);
		basechain.hook_list.splice(basechain.hook_list.indexOf(found), 1);
		return;
	}

	/* Also when the namespace goes: only now is the device still there. */
	__nft_release_basechain(ctx);
}

/**
 * Follows the devices of a namespace.
 * @param event NETDEV_*
 * @kernel net/netfilter/nft_chain_filter.c:354 (v5.10)
 */
function nf_tables_netdev_event(event: number, ptr: netdev_notifier_info): number {
	const dev = netdev_notifier_info_to_dev(ptr);

	if (event !== NETDEV_UNREGISTER && event !== NETDEV_CHANGENAME) return NOTIFY_DONE;

	const net = dev_net(dev);
	for (const table of net.nft.tables) {
		if (table.family !== NFPROTO_NETDEV) continue;

		const ctx = new nft_ctx(net, table.family);
		ctx.table = table;
		for (const chain of table.chains.slice()) {
			if (!nft_is_base_chain(chain)) continue;

			ctx.chain = chain;
			nft_netdev_event(event, dev, ctx);
		}
	}
	return NOTIFY_DONE;
}

const nf_tables_netdev_notifier: notifier_block<netdev_notifier_info> = {
	notifier_call: nf_tables_netdev_event,
	priority: 0,
};

/**
 * Registers the type for netdev tables.
 * @returns 0 or what registering the notifier says
 * @kernel net/netfilter/nft_chain_filter.c:392 (v5.10)
 */
function nft_chain_filter_netdev_init(m: Machine): number {
	nft_register_chain_type(m, nft_chain_filter_netdev);

	const err = register_netdevice_notifier(m, nf_tables_netdev_notifier);
	if (err !== 0) {
		nft_unregister_chain_type(m, nft_chain_filter_netdev);
		return err;
	}
	return 0;
}

/**
 * Registers the type for all families.
 * @returns 0 or -errno
 * @kernel net/netfilter/nft_chain_filter.c:420 (v5.10)
 */
export function nft_chain_filter_init(m: Machine): number {
	const err = nft_chain_filter_netdev_init(m);
	if (err < 0) return err;

	nft_chain_filter_ipv4_init(m);
	nft_chain_filter_ipv6_init(m);
	nft_chain_filter_arp_init(m);
	nft_chain_filter_inet_init(m);
	nft_chain_filter_bridge_init(m);
	return 0;
}
