// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_flow_table_ip.c, base v5.10 + patches 2/9, 7/9, 8/9.
 *
 * The fast path: the hooks that take a packet of a known flow from a device's ingress to its egress, and the
 * address half of NAT.
 *
 * PORT: a header is its offset in skb.head. The packet's tuple is the flow table's scratch tuple.
 * PORT: nf_flow_nat_ip_l4proto() and nf_flow_nat_ipv6_l4proto() take the protocol in place of the header.
 */
import { VLAN_HLEN } from '../../include/linux/if_vlan.ts';
import { get_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import { IP6CB, IP6SKB_FORWARDED } from '../../include/linux/ipv6.ts';
import { dev_hard_header, type net_device } from '../../include/linux/netdevice.ts';
import type { nf_hook_state } from '../../include/linux/netfilter.ts';
import {
	__vlan_hwaccel_clear_tag,
	CHECKSUM_PARTIAL,
	type sk_buff,
	skb_is_gso,
	skb_reset_network_header,
} from '../../include/linux/skbuff.ts';
import { AF_INET, AF_INET6 } from '../../include/linux/socket.ts';
import type { __be16 } from '../../include/linux/types.ts';
import { CSUM_MANGLED_0, csum_replace4 } from '../../include/net/checksum.ts';
import { dst_check, dst_output, skb_dst_set_noref, type dst_entry } from '../../include/net/dst.ts';
import { ip_decrease_ttl, ip_is_fragment, IPCB, IPSKB_FORWARDED } from '../../include/net/ip.ts';
import type { rt6_info } from '../../include/net/ip6_fib.ts';
import { rt6_nexthop } from '../../include/net/ip6_route.ts';
import { NEIGH_ARP_TABLE, NEIGH_ND_TABLE } from '../../include/net/neighbour.ts';
import type { net } from '../../include/net/net_namespace.ts';
import {
	FLOW_OFFLOAD_DIR_ORIGINAL,
	FLOW_OFFLOAD_DIR_REPLY,
	FLOW_OFFLOAD_XMIT_DIRECT,
	FLOW_OFFLOAD_XMIT_NEIGH,
	FLOW_OFFLOAD_XMIT_XFRM,
	type flow_offload,
	type flow_offload_tuple,
	type flow_offload_tuple_dir,
	type flow_offload_tuple_rhash,
	NF_FLOW_DNAT,
	NF_FLOW_SNAT,
	NF_FLOWTABLE_COUNTER,
	type nf_flowtable,
} from '../../include/net/netfilter/nf_flow_table.ts';
import { rt_nexthop, type rtable } from '../../include/net/route.ts';
import { ETH_P_8021Q, ETH_P_IP, ETH_P_IPV6 } from '../../include/uapi/linux/if_ether.ts';
import { IPPROTO_TCP, IPPROTO_UDP } from '../../include/uapi/linux/in.ts';
import {
	IPHDR_check,
	IPHDR_daddr,
	IPHDR_LEN,
	IPHDR_protocol,
	IPHDR_saddr,
	IPHDR_ttl,
} from '../../include/uapi/linux/ip.ts';
import {
	IPV6HDR_daddr,
	IPV6HDR_hop_limit,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_saddr,
} from '../../include/uapi/linux/ipv6.ts';
import { NF_ACCEPT, NF_DROP, NF_STOLEN } from '../../include/uapi/linux/netfilter.ts';
import { TCPHDR_check, TCPHDR_FIN, TCPHDR_flags, TCPHDR_LEN, TCPHDR_RST } from '../../include/uapi/linux/tcp.ts';
import { UDPHDR_check, UDPHDR_LEN } from '../../include/uapi/linux/udp.ts';
import { dev_get_by_index_rcu, dev_queue_xmit } from '../core/dev.ts';
import { neigh_xmit } from '../core/neighbour.ts';
import {
	__skb_pull,
	pskb_may_pull,
	skb_gso_validate_network_len,
	skb_orphan,
	skb_try_make_writable,
	vlan_set_encap_proto,
} from '../core/skbuff.ts';
import { inet_proto_csum_replace16, inet_proto_csum_replace4 } from '../core/utils.ts';
import {
	flow_offload_lookup,
	flow_offload_refresh,
	flow_offload_teardown,
	nf_flow_dnat_port,
	nf_flow_snat_port,
} from './nf_flow_table_core.ts';
import { nf_ct_acct_update } from './nf_conntrack_core.ts';

/* Scratch: an address before and after NAT, and a next hop. */
const addr6 = new Int32Array(4);
const new_addr6 = new Int32Array(4);
const nexthop6 = new Uint8Array(16);

/**
 * Tears the flow of a TCP packet down that closes its connection.
 * v3: S27 - only of one that got here: a FIN that matches no flow leaves its connection's alone.
 * @param thoff transport header from the network header, bytes
 * @returns 0, or -1 when the packet must go the slow path
 * @kernel net/netfilter/nf_flow_table_ip.c:20 (v5.10)
 */
function nf_flow_state_check(
	flow: flow_offload,
	proto: number,
	skb: sk_buff,
	thoff: number,
): number {
	if (proto !== IPPROTO_TCP) return 0;
	const flags = skb.view.getUint8(skb.network_header + thoff + TCPHDR_flags);
	if ((flags & (TCPHDR_FIN | TCPHDR_RST)) !== 0 /* unlikely */) {
		flow_offload_teardown(flow);
		return -1;
	}
	return 0;
}

/**
 * Corrects a TCP checksum for a changed IPv4 address.
 * @returns 0, or -1 when the header cannot be written
 * @kernel net/netfilter/nf_flow_table_ip.c:37 (v5.10)
 */
function nf_flow_nat_ip_tcp(
	skb: sk_buff,
	thoff: number,
	addr: number,
	new_addr: number,
): number {
	if (skb_try_make_writable(skb, thoff + TCPHDR_LEN) !== 0) return -1;
	const tcph = skb.network_header + thoff;
	inet_proto_csum_replace4(tcph + TCPHDR_check, skb, addr, new_addr, true);
	return 0;
}

/**
 * Corrects a UDP checksum for a changed IPv4 address; one that is absent stays so.
 * @returns 0, or -1 when the header cannot be written
 * @kernel net/netfilter/nf_flow_table_ip.c:51 (v5.10)
 */
function nf_flow_nat_ip_udp(
	skb: sk_buff,
	thoff: number,
	addr: number,
	new_addr: number,
): number {
	if (skb_try_make_writable(skb, thoff + UDPHDR_LEN) !== 0) return -1;
	const check = skb.network_header + thoff + UDPHDR_check;
	if (skb.view.getUint16(check) !== 0 || skb.ip_summed === CHECKSUM_PARTIAL) {
		if (inet_proto_csum_replace4(check, skb, addr, new_addr, true) === 0)
			skb.view.setUint16(check, CSUM_MANGLED_0);
	}
	return 0;
}

/**
 * Corrects a transport checksum for a changed IPv4 address.
 * @param protocol IPPROTO_*
 * @returns 0; NF_DROP on failure, which is 0 as well (base quirk)
 * @kernel net/netfilter/nf_flow_table_ip.c:70 (v5.10)
 */
function nf_flow_nat_ip_l4proto(
	skb: sk_buff,
	protocol: number,
	thoff: number,
	addr: number,
	new_addr: number,
): number {
	switch (protocol) {
		case IPPROTO_TCP:
			if (nf_flow_nat_ip_tcp(skb, thoff, addr, new_addr) < 0) return NF_DROP;
			break;
		case IPPROTO_UDP:
			if (nf_flow_nat_ip_udp(skb, thoff, addr, new_addr) < 0) return NF_DROP;
			break;
	}
	return 0;
}

/**
 * Rewrites the address that source NAT changes.
 * @returns 0
 * @kernel net/netfilter/nf_flow_table_ip.c:88 (v5.10)
 */
function nf_flow_snat_ip(
	flow: flow_offload,
	skb: sk_buff,
	iph: number,
	thoff: number,
	dir: flow_offload_tuple_dir,
): number {
	const original = dir === FLOW_OFFLOAD_DIR_ORIGINAL;
	const at = iph + (original ? IPHDR_saddr : IPHDR_daddr);
	const addr = skb.view.getInt32(at);
	const new_addr = original
		? flow.tuplehash_of(FLOW_OFFLOAD_DIR_REPLY).w_dst
		: flow.tuplehash_of(FLOW_OFFLOAD_DIR_ORIGINAL).w_src;
	skb.view.setInt32(at, new_addr);
	csum_replace4(skb.view, iph + IPHDR_check, addr, new_addr);
	return nf_flow_nat_ip_l4proto(skb, skb.view.getUint8(iph + IPHDR_protocol), thoff, addr, new_addr);
}

/**
 * Rewrites the address that destination NAT changes.
 * @returns 0
 * @kernel net/netfilter/nf_flow_table_ip.c:113 (v5.10)
 */
function nf_flow_dnat_ip(
	flow: flow_offload,
	skb: sk_buff,
	iph: number,
	thoff: number,
	dir: flow_offload_tuple_dir,
): number {
	const original = dir === FLOW_OFFLOAD_DIR_ORIGINAL;
	const at = iph + (original ? IPHDR_daddr : IPHDR_saddr);
	const addr = skb.view.getInt32(at);
	const new_addr = original
		? flow.tuplehash_of(FLOW_OFFLOAD_DIR_REPLY).w_src
		: flow.tuplehash_of(FLOW_OFFLOAD_DIR_ORIGINAL).w_dst;
	skb.view.setInt32(at, new_addr);
	csum_replace4(skb.view, iph + IPHDR_check, addr, new_addr);
	return nf_flow_nat_ip_l4proto(skb, skb.view.getUint8(iph + IPHDR_protocol), thoff, addr, new_addr);
}

/**
 * Applies a flow's NAT to an IPv4 packet: source first, then destination; port before address.
 * @param thoff transport header from the network header, bytes
 * @returns 0, or -1 when a header cannot be written
 * @kernel net/netfilter/nf_flow_table_ip.c:138 (v5.10)
 */
function nf_flow_nat_ip(
	flow: flow_offload,
	skb: sk_buff,
	thoff: number,
	dir: flow_offload_tuple_dir,
): number {
	const protocol = skb.view.getUint8(skb.network_header + IPHDR_protocol);
	const { flags } = flow;
	if (
		(flags & NF_FLOW_SNAT) !== 0 &&
		(nf_flow_snat_port(flow, skb, thoff, protocol, dir) < 0 ||
			nf_flow_snat_ip(flow, skb, skb.network_header, thoff, dir) < 0)
	)
		return -1;
	if (
		(flags & NF_FLOW_DNAT) !== 0 &&
		(nf_flow_dnat_port(flow, skb, thoff, protocol, dir) < 0 ||
			nf_flow_dnat_ip(flow, skb, skb.network_header, thoff, dir) < 0)
	)
		return -1;
	return 0;
}

/**
 * Tells whether an IPv4 header has options.
 * @param thoff its length, bytes
 * @kernel net/netfilter/nf_flow_table_ip.c:157 (v5.10)
 */
function ip_has_options(thoff: number): boolean {
	return thoff !== IPHDR_LEN;
}

/**
 * Puts a packet's tags into its key: the one beside the packet first, one in the bytes second.
 * v3: S31 - only with it do tagged and untagged flows differ; patches 6 and 7 alone mix them up.
 * v3: S06 - all 16 bits of a tag, priority included, go into the key as an id; no flow has a priority.
 * @kernel net/netfilter/nf_flow_table_ip.c patch 8/9
 */
function nf_flow_tuple_vlan(skb: sk_buff, tuple: flow_offload_tuple): void {
	if (skb.vlan_present) tuple.set_in_vlan(0, skb.vlan_tci, skb.vlan_proto);
	if (skb.protocol === ETH_P_8021Q) {
		const veth = skb.mac_header;
		tuple.set_in_vlan(1, get_unaligned_be16(skb.head, veth + 14), skb.protocol);
	}
}

/**
 * Makes the key of an IPv4 packet.
 * v3: S20 - for whose MAC the frame is, is no part of it.
 * @param tuple filled on success
 * @returns 0, or -1: truncated, fragment, options, neither TCP nor UDP, or TTL at its end
 * @kernel net/netfilter/nf_flow_table_ip.c:162 (v5.10) patch 8/9
 */
function nf_flow_tuple_ip(skb: sk_buff, dev: net_device, tuple: flow_offload_tuple): number {
	const offset = skb.protocol === ETH_P_8021Q ? VLAN_HLEN : 0;
	if (!pskb_may_pull(skb, IPHDR_LEN + offset)) return -1;
	let iph = skb.network_header + offset;
	const thoff = (skb.view.getUint8(iph) & 0xf) * 4;
	if (ip_is_fragment(skb.view, iph) || ip_has_options(thoff) /* unlikely */) return -1;
	const protocol = skb.view.getUint8(iph + IPHDR_protocol);
	let hdrsize: number;
	switch (protocol) {
		case IPPROTO_TCP:
			hdrsize = TCPHDR_LEN;
			break;
		case IPPROTO_UDP:
			hdrsize = UDPHDR_LEN;
			break;
		default:
			return -1;
	}
	if (skb.view.getUint8(iph + IPHDR_ttl) <= 1) return -1;
	if (!pskb_may_pull(skb, thoff + hdrsize + offset)) return -1;
	iph = skb.network_header + offset;
	const ports = skb.network_header + thoff + offset;
	const { view } = skb;
	tuple.w_src = view.getInt32(iph + IPHDR_saddr);
	tuple.w_dst = view.getInt32(iph + IPHDR_daddr);
	tuple.w_ports = view.getInt32(ports);
	tuple.set_protos(AF_INET, protocol);
	tuple.iifidx = dev.ifindex;
	nf_flow_tuple_vlan(skb, tuple);
	return 0;
}

/**
 * Tells whether a packet is larger than a flow may carry.
 * v3: S08 - the length includes a tag in the bytes, the MTU does not.
 * @param mtu bytes
 * @kernel net/netfilter/nf_flow_table_ip.c:212 (v5.10)
 */
function nf_flow_exceeds_mtu(skb: sk_buff, mtu: number): boolean {
	if (skb.len <= mtu) return false;
	if (skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu)) return false;
	return true;
}

/**
 * Destination that a direction has cached; only for NEIGH and XFRM.
 * @kernel net/netfilter/nf_flow_table_ip.c patch 2/9
 */
function nft_flow_dst(tuplehash: flow_offload_tuple_rhash): dst_entry {
	return tuplehash.tuple.dst_cache!;
}

/**
 * Asks whether a direction's cached destination is still good. Only XFRM is asked.
 * v3: S19 - a route that changed under a NEIGH flow goes unnoticed.
 * @returns 0 or -1
 * @kernel net/netfilter/nf_flow_table_ip.c:223 (v5.10) patch 2/9
 */
function nf_flow_offload_dst_check(tuplehash: flow_offload_tuple_rhash): number {
	if (tuplehash.tuple.xmit_type === FLOW_OFFLOAD_XMIT_XFRM /* unlikely */)
		return dst_check(nft_flow_dst(tuplehash), 0) !== null ? 0 : -1;
	return 0;
}

/**
 * Hands a packet to the output function of its flow's destination.
 * v3: S23 - a destination that the packet has already is not given back, here and for NEIGH.
 * @returns NF_STOLEN
 * @kernel net/netfilter/nf_flow_table_ip.c:231 (v5.10)
 */
function nf_flow_xmit_xfrm(skb: sk_buff, state: nf_hook_state, dst: dst_entry): number {
	skb_orphan(skb);
	skb_dst_set_noref(skb, dst);
	dst_output(state.net, state.sk, skb);
	return NF_STOLEN;
}

/**
 * Tells whether a packet has an 802.1Q tag in its bytes around a protocol.
 * v3: S22 - an inner tag of 802.1ad is none.
 * v3: S11 - nothing checks that the tag is there; reading past the data is recorded and answers false.
 * @param proto ethertype
 * @kernel net/netfilter/nf_flow_table_ip.c patch 8/9
 */
function nf_flow_skb_vlan_protocol(skb: sk_buff, proto: __be16): boolean {
	if (skb.protocol !== ETH_P_8021Q) return false;
	const veth = skb.mac_header;
	if (veth + 18 > skb.tail) {
		skb.machine.record('BUG', 'nf_flow_skb_vlan_protocol', 'reads past the linear data', skb);
		return false;
	}
	return get_unaligned_be16(skb.head, veth + 16) === proto;
}

/**
 * Takes the flow's tags off a packet: the one beside it first, then those in the bytes.
 * v3: S12 - a complete checksum keeps the bytes of the tag.
 * v3: S21, S26 - no VLAN device counts the packet or maps its priority.
 * @kernel net/netfilter/nf_flow_table_ip.c patch 8/9
 */
function nf_flow_vlan_pop(skb: sk_buff, tuplehash: flow_offload_tuple_rhash): void {
	for (let i = 0; i < tuplehash.tuple.in_vlan_num; i++) {
		if (skb.vlan_present) {
			__vlan_hwaccel_clear_tag(skb);
			continue;
		}
		const vlan_hdr = skb.data;
		__skb_pull(skb, VLAN_HLEN);
		vlan_set_encap_proto(skb, vlan_hdr);
		skb_reset_network_header(skb);
	}
}

/**
 * Sends a packet as an Ethernet frame by the device that its flow has cached.
 * v3: S14 - the answer of the device is not looked at: into one that is down the packet vanishes.
 * v3: S17, S18, S21 - no FDB, no neighbour is asked again, and no bridge counts it.
 * @param type ethertype
 * @returns NF_STOLEN, or NF_DROP when the device is gone
 * @kernel net/netfilter/nf_flow_table_ip.c patch 7/9
 */
function nf_flow_queue_xmit(
	net: net,
	skb: sk_buff,
	tuplehash: flow_offload_tuple_rhash,
	type: __be16,
): number {
	const out = tuplehash.tuple.out!;
	const outdev = dev_get_by_index_rcu(net, out.ifidx);
	if (outdev === null) return NF_DROP;
	skb.dev = outdev;
	dev_hard_header(skb, outdev, type, out.h_dest, out.h_source, skb.len);
	dev_queue_xmit(skb);
	return NF_STOLEN;
}

/**
 * Records that a hook would return a verdict that was never set, and drops the packet.
 * @returns NF_DROP
 * @kernel PORT: v3: S01, S24 an uninitialised variable in C
 */
function nf_flow_unset_verdict(skb: sk_buff, place: string, xmit_type: number): number {
	skb.machine.record('BUG', place, `verdict not set for xmit type ${String(xmit_type)}`, skb);
	return NF_DROP;
}

/**
 * Takes an IPv4 packet of a known flow all the way out.
 * @param priv the flow table
 * @returns NF_STOLEN when it went out, NF_ACCEPT for the slow path, NF_DROP
 * @kernel net/netfilter/nf_flow_table_ip.c:242 (v5.10) patch 2/9 7/9 8/9
 */
export function nf_flow_offload_ip_hook(
	priv: unknown,
	skb: sk_buff,
	state: nf_hook_state,
): number {
	const flow_table = priv as nf_flowtable;
	const tuple = flow_table.packet_tuple;
	if (skb.protocol !== ETH_P_IP && !nf_flow_skb_vlan_protocol(skb, ETH_P_IP)) return NF_ACCEPT;
	if (nf_flow_tuple_ip(skb, state.in!, tuple) < 0) return NF_ACCEPT;
	const tuplehash = flow_offload_lookup(flow_table, tuple);
	if (tuplehash === null) return NF_ACCEPT;

	const { dir } = tuplehash.tuple;
	const { flow } = tuplehash;
	if (nf_flow_exceeds_mtu(skb, tuplehash.tuple.mtu) /* unlikely */) return NF_ACCEPT;

	const offset = skb.protocol === ETH_P_8021Q ? VLAN_HLEN : 0;
	if (skb_try_make_writable(skb, IPHDR_LEN + offset) !== 0) return NF_DROP;

	const iph = skb.network_header + offset;
	let thoff = (skb.view.getUint8(iph) & 0xf) * 4 + offset;
	if (nf_flow_state_check(flow, skb.view.getUint8(iph + IPHDR_protocol), skb, thoff) !== 0)
		return NF_ACCEPT;

	flow_offload_refresh(flow_table, flow);

	if (nf_flow_offload_dst_check(tuplehash) !== 0) {
		flow_offload_teardown(flow);
		return NF_ACCEPT;
	}

	nf_flow_vlan_pop(skb, tuplehash);
	thoff -= offset;

	if (nf_flow_nat_ip(flow, skb, thoff, dir) < 0) return NF_DROP;

	ip_decrease_ttl(skb.view, skb.network_header);
	skb.tstamp = 0;

	if ((flow_table.flags & NF_FLOWTABLE_COUNTER) !== 0) nf_ct_acct_update(flow.ct, dir, skb.len);

	if (tuplehash.tuple.xmit_type === FLOW_OFFLOAD_XMIT_XFRM /* unlikely */) {
		const cb = IPCB(skb);
		cb.clear();
		cb.iif = skb.dev!.ifindex;
		cb.flags = IPSKB_FORWARDED;
		return nf_flow_xmit_xfrm(skb, state, nft_flow_dst(tuplehash));
	}

	switch (tuplehash.tuple.xmit_type) {
		case FLOW_OFFLOAD_XMIT_NEIGH: {
			const rt = nft_flow_dst(tuplehash) as rtable;
			const outdev = rt.dev!;
			skb.dev = outdev;
			const nexthop = rt_nexthop(rt, flow.tuplehash_of(dir === 0 ? 1 : 0).src_v4);
			skb_dst_set_noref(skb, rt);
			neigh_xmit(NEIGH_ARP_TABLE, outdev, nexthop, skb);
			return NF_STOLEN;
		}
		case FLOW_OFFLOAD_XMIT_DIRECT: {
			const ret = nf_flow_queue_xmit(state.net, skb, tuplehash, ETH_P_IP);
			if (ret === NF_DROP) flow_offload_teardown(flow);
			return ret;
		}
	}
	return nf_flow_unset_verdict(skb, 'nf_flow_offload_ip_hook', tuplehash.tuple.xmit_type);
}

/**
 * Corrects a TCP checksum for a changed IPv6 address.
 * @returns 0, or -1 when the header cannot be written
 * @kernel net/netfilter/nf_flow_table_ip.c:314 (v5.10)
 */
function nf_flow_nat_ipv6_tcp(
	skb: sk_buff,
	thoff: number,
	addr: Int32Array,
	new_addr: Int32Array,
): number {
	if (skb_try_make_writable(skb, thoff + TCPHDR_LEN) !== 0) return -1;
	const tcph = skb.network_header + thoff;
	inet_proto_csum_replace16(tcph + TCPHDR_check, skb, addr, new_addr, true);
	return 0;
}

/**
 * Corrects a UDP checksum for a changed IPv6 address; one that is absent stays so.
 * @returns 0, or -1 when the header cannot be written
 * @kernel net/netfilter/nf_flow_table_ip.c:330 (v5.10)
 */
function nf_flow_nat_ipv6_udp(
	skb: sk_buff,
	thoff: number,
	addr: Int32Array,
	new_addr: Int32Array,
): number {
	if (skb_try_make_writable(skb, thoff + UDPHDR_LEN) !== 0) return -1;
	const check = skb.network_header + thoff + UDPHDR_check;
	if (skb.view.getUint16(check) !== 0 || skb.ip_summed === CHECKSUM_PARTIAL) {
		inet_proto_csum_replace16(check, skb, addr, new_addr, true);
		if (skb.view.getUint16(check) === 0) skb.view.setUint16(check, CSUM_MANGLED_0);
	}
	return 0;
}

/**
 * Corrects a transport checksum for a changed IPv6 address.
 * @returns 0; NF_DROP on failure, which is 0 as well (base quirk)
 * @kernel net/netfilter/nf_flow_table_ip.c:350 (v5.10)
 */
function nf_flow_nat_ipv6_l4proto(
	skb: sk_buff,
	nexthdr: number,
	thoff: number,
	addr: Int32Array,
	new_addr: Int32Array,
): number {
	switch (nexthdr) {
		case IPPROTO_TCP:
			if (nf_flow_nat_ipv6_tcp(skb, thoff, addr, new_addr) < 0) return NF_DROP;
			break;
		case IPPROTO_UDP:
			if (nf_flow_nat_ipv6_udp(skb, thoff, addr, new_addr) < 0) return NF_DROP;
			break;
	}
	return 0;
}

/**
 * Keeps an address of a packet in `addr6` and writes the one in `new_addr6` over it.
 * @param at offset in skb.head
 * @kernel PORT: two assignments of struct in6_addr
 */
function swap_in6(skb: sk_buff, at: number): void {
	const { view } = skb;
	for (let i = 0; i < 4; i++) {
		addr6[i] = view.getInt32(at + 4 * i);
		view.setInt32(at + 4 * i, new_addr6[i]);
	}
}

/**
 * Rewrites the IPv6 address that source NAT changes.
 * @returns 0
 * @kernel net/netfilter/nf_flow_table_ip.c:368 (v5.10)
 */
function nf_flow_snat_ipv6(
	flow: flow_offload,
	skb: sk_buff,
	ip6h: number,
	thoff: number,
	dir: flow_offload_tuple_dir,
): number {
	const original = dir === FLOW_OFFLOAD_DIR_ORIGINAL;
	if (original) flow.tuplehash_of(FLOW_OFFLOAD_DIR_REPLY).dst_v6_words(new_addr6);
	else flow.tuplehash_of(FLOW_OFFLOAD_DIR_ORIGINAL).src_v6_words(new_addr6);
	swap_in6(skb, ip6h + (original ? IPV6HDR_saddr : IPV6HDR_daddr));
	return nf_flow_nat_ipv6_l4proto(skb, skb.view.getUint8(ip6h + IPV6HDR_nexthdr), thoff, addr6, new_addr6);
}

/**
 * Rewrites the IPv6 address that destination NAT changes.
 * @returns 0
 * @kernel net/netfilter/nf_flow_table_ip.c:393 (v5.10)
 */
function nf_flow_dnat_ipv6(
	flow: flow_offload,
	skb: sk_buff,
	ip6h: number,
	thoff: number,
	dir: flow_offload_tuple_dir,
): number {
	const original = dir === FLOW_OFFLOAD_DIR_ORIGINAL;
	if (original) flow.tuplehash_of(FLOW_OFFLOAD_DIR_REPLY).src_v6_words(new_addr6);
	else flow.tuplehash_of(FLOW_OFFLOAD_DIR_ORIGINAL).dst_v6_words(new_addr6);
	swap_in6(skb, ip6h + (original ? IPV6HDR_daddr : IPV6HDR_saddr));
	return nf_flow_nat_ipv6_l4proto(skb, skb.view.getUint8(ip6h + IPV6HDR_nexthdr), thoff, addr6, new_addr6);
}

/**
 * Applies a flow's NAT to an IPv6 packet: source first, then destination; port before address.
 * @returns 0, or -1 when a header cannot be written
 * @kernel net/netfilter/nf_flow_table_ip.c:418 (v5.10)
 */
function nf_flow_nat_ipv6(
	flow: flow_offload,
	skb: sk_buff,
	dir: flow_offload_tuple_dir,
): number {
	const thoff = IPV6HDR_LEN;
	const nexthdr = skb.view.getUint8(skb.network_header + IPV6HDR_nexthdr);
	const { flags } = flow;
	if (
		(flags & NF_FLOW_SNAT) !== 0 &&
		(nf_flow_snat_port(flow, skb, thoff, nexthdr, dir) < 0 ||
			nf_flow_snat_ipv6(flow, skb, skb.network_header, thoff, dir) < 0)
	)
		return -1;
	if (
		(flags & NF_FLOW_DNAT) !== 0 &&
		(nf_flow_dnat_port(flow, skb, thoff, nexthdr, dir) < 0 ||
			nf_flow_dnat_ipv6(flow, skb, skb.network_header, thoff, dir) < 0)
	)
		return -1;
	return 0;
}

/**
 * Makes the key of an IPv6 packet.
 * @param tuple filled on success
 * @returns 0, or -1: truncated, extension headers, neither TCP nor UDP, or hop limit at its end
 * @kernel net/netfilter/nf_flow_table_ip.c:439 (v5.10) patch 8/9
 */
function nf_flow_tuple_ipv6(skb: sk_buff, dev: net_device, tuple: flow_offload_tuple): number {
	const offset = skb.protocol === ETH_P_8021Q ? VLAN_HLEN : 0;
	if (!pskb_may_pull(skb, IPV6HDR_LEN + offset)) return -1;
	let ip6h = skb.network_header + offset;
	const nexthdr = skb.view.getUint8(ip6h + IPV6HDR_nexthdr);
	let hdrsize: number;
	switch (nexthdr) {
		case IPPROTO_TCP:
			hdrsize = TCPHDR_LEN;
			break;
		case IPPROTO_UDP:
			hdrsize = UDPHDR_LEN;
			break;
		default:
			return -1;
	}
	if (skb.view.getUint8(ip6h + IPV6HDR_hop_limit) <= 1) return -1;
	const thoff = IPV6HDR_LEN;
	if (!pskb_may_pull(skb, thoff + hdrsize + offset)) return -1;
	ip6h = skb.network_header + offset;
	const ports = skb.network_header + thoff + offset;
	const { view } = skb;
	tuple.set_src_v6(view, ip6h + IPV6HDR_saddr);
	tuple.set_dst_v6(view, ip6h + IPV6HDR_daddr);
	tuple.w_ports = view.getInt32(ports);
	tuple.set_protos(AF_INET6, nexthdr);
	tuple.iifidx = dev.ifindex;
	nf_flow_tuple_vlan(skb, tuple);
	return 0;
}

/**
 * Takes an IPv6 packet of a known flow all the way out.
 * @param priv the flow table
 * @returns NF_STOLEN when it went out, NF_ACCEPT for the slow path, NF_DROP
 * @kernel net/netfilter/nf_flow_table_ip.c:484 (v5.10) patch 2/9 7/9 8/9
 */
export function nf_flow_offload_ipv6_hook(
	priv: unknown,
	skb: sk_buff,
	state: nf_hook_state,
): number {
	const flow_table = priv as nf_flowtable;
	const tuple = flow_table.packet_tuple;
	if (skb.protocol !== ETH_P_IPV6 && !nf_flow_skb_vlan_protocol(skb, ETH_P_IPV6))
		return NF_ACCEPT;
	if (nf_flow_tuple_ipv6(skb, state.in!, tuple) < 0) return NF_ACCEPT;
	const tuplehash = flow_offload_lookup(flow_table, tuple);
	if (tuplehash === null) return NF_ACCEPT;

	const { dir } = tuplehash.tuple;
	const { flow } = tuplehash;
	if (nf_flow_exceeds_mtu(skb, tuplehash.tuple.mtu) /* unlikely */) return NF_ACCEPT;

	const offset = skb.protocol === ETH_P_8021Q ? VLAN_HLEN : 0;
	let ip6h = skb.network_header + offset;
	/* v3: S07 - the flags are looked for without the tag's four bytes. */
	if (nf_flow_state_check(flow, skb.view.getUint8(ip6h + IPV6HDR_nexthdr), skb, IPV6HDR_LEN) !== 0)
		return NF_ACCEPT;

	flow_offload_refresh(flow_table, flow);

	if (nf_flow_offload_dst_check(tuplehash) !== 0) {
		flow_offload_teardown(flow);
		return NF_ACCEPT;
	}

	nf_flow_vlan_pop(skb, tuplehash);

	if (skb_try_make_writable(skb, IPV6HDR_LEN) !== 0) return NF_DROP;

	if (nf_flow_nat_ipv6(flow, skb, dir) < 0) return NF_DROP;

	ip6h = skb.network_header;
	const hop_limit = skb.view.getUint8(ip6h + IPV6HDR_hop_limit);
	skb.view.setUint8(ip6h + IPV6HDR_hop_limit, hop_limit - 1);
	skb.tstamp = 0;

	if ((flow_table.flags & NF_FLOWTABLE_COUNTER) !== 0) nf_ct_acct_update(flow.ct, dir, skb.len);

	/* v3: S01 - NEIGH where XFRM is meant: plain flows go through the destination's output. */
	if (tuplehash.tuple.xmit_type === FLOW_OFFLOAD_XMIT_NEIGH /* unlikely */) {
		const cb = IP6CB(skb);
		cb.clear();
		cb.iif = skb.dev!.ifindex;
		cb.flags = IP6SKB_FORWARDED;
		return nf_flow_xmit_xfrm(skb, state, nft_flow_dst(tuplehash));
	}

	/* The type is read again, as the C does; the case for NEIGH is never reached in v3. */
	const xmit_type: number = tuplehash.tuple.xmit_type;
	switch (xmit_type) {
		case FLOW_OFFLOAD_XMIT_NEIGH: {
			const rt = nft_flow_dst(tuplehash) as rt6_info;
			const outdev = rt.dev!;
			skb.dev = outdev;
			flow.tuplehash_of((dir ^ 1) as flow_offload_tuple_dir).src_v6(nexthop6, 0);
			const nexthop = rt6_nexthop(rt, nexthop6);
			skb_dst_set_noref(skb, rt);
			neigh_xmit(NEIGH_ND_TABLE, outdev, nexthop, skb);
			return NF_STOLEN;
		}
		case FLOW_OFFLOAD_XMIT_DIRECT: {
			const ret = nf_flow_queue_xmit(state.net, skb, tuplehash, ETH_P_IPV6);
			if (ret === NF_DROP) flow_offload_teardown(flow);
			return ret;
		}
	}
	return nf_flow_unset_verdict(skb, 'nf_flow_offload_ipv6_hook', xmit_type);
}
