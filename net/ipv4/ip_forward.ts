// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv4/ip_forward.c, base v5.10: packets on their way through this host.
 *
 * Not ported: switchdev's mark of packets forwarded in hardware, LRO.
 */
import { get_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import { LL_RESERVED_SPACE, NET_RX_DROP, NET_RX_SUCCESS } from '../../include/linux/netdevice.ts';
import {
	CHECKSUM_COMPLETE,
	CHECKSUM_NONE,
	PACKET_HOST,
	skb_is_gso,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import { dst_output } from '../../include/net/dst.ts';
import { ipv4_stub } from '../../include/net/ipv4_stubs.ts';
import type { Machine } from '../../include/linux/machine.ts';
import { icmp_send } from '../../include/net/icmp.ts';
import {
	ip_decrease_ttl,
	IP_DF,
	ip_dst_mtu_maybe_forward,
	IPCB,
	IPSKB_DOREDIRECT,
	IPSKB_FORWARDED,
} from '../../include/net/ip.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { rt_tos2priority, type rtable } from '../../include/net/route.ts';
import { IP_ADD_STATS, IP_INC_STATS } from '../../include/net/snmp.ts';
import type { sock } from '../../include/net/sock.ts';
import {
	xfrm4_policy_check,
	xfrm4_route_forward,
	XFRM_POLICY_FWD,
} from '../../include/net/xfrm.ts';
import {
	ICMP_DEST_UNREACH,
	ICMP_EXC_TTL,
	ICMP_FRAG_NEEDED,
	ICMP_SR_FAILED,
	ICMP_TIME_EXCEEDED,
} from '../../include/uapi/linux/icmp.ts';
import { IPHDR_frag_off, IPHDR_tos, IPHDR_ttl } from '../../include/uapi/linux/ip.ts';
import { NF_INET_FORWARD, NFPROTO_IPV4 } from '../../include/uapi/linux/netfilter.ts';
import {
	IPSTATS_MIB_FRAGFAILS,
	IPSTATS_MIB_INHDRERRORS,
	IPSTATS_MIB_OUTFORWDATAGRAMS,
	IPSTATS_MIB_OUTOCTETS,
} from '../../include/uapi/linux/snmp.ts';
import { kfree_skb, skb_cow, skb_gso_validate_network_len } from '../core/skbuff.ts';
import { NF_HOOK } from '../netfilter/core.ts';
import { ip_call_ra_chain } from './ip_input.ts';
import { ip_forward_options } from './ip_options.ts';
import { ip_rt_send_redirect } from './route.ts';

/**
 * Tells whether a packet must be refused because it does not fit and may not be cut.
 * @param mtu bytes
 * @kernel net/ipv4/ip_forward.c:43 (v5.10)
 */
function ip_exceeds_mtu(skb: sk_buff, mtu: number): boolean {
	if (skb.len <= mtu) return false;
	if ((get_unaligned_be16(skb.head, skb.network_header + IPHDR_frag_off) & IP_DF) === 0)
		return false;
	/* The fragments it was put together from did not fit. */
	if (IPCB(skb).frag_max_size > mtu) return true;
	if (skb.ignore_df) return false;
	if (skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu)) return false;
	return true;
}

/**
 * Sends a packet on that has passed the forward hooks.
 * @kernel net/ipv4/ip_forward.c:65 (v5.10)
 */
function ip_forward_finish(net: net, sk: sock | null, skb: sk_buff): number {
	IP_INC_STATS(net, IPSTATS_MIB_OUTFORWDATAGRAMS);
	IP_ADD_STATS(net, IPSTATS_MIB_OUTOCTETS, skb.len);
	if (IPCB(skb).opt.optlen !== 0) ip_forward_options(skb);
	skb.tstamp = 0;
	return dst_output(net, sk, skb);
}

/**
 * Forgets what a device found out about the checksum, before the packet is changed.
 * @kernel PORT: include/linux/skbuff.h skb_forward_csum
 */
function skb_forward_csum(skb: sk_buff): void {
	if (skb.ip_summed === CHECKSUM_COMPLETE) skb.ip_summed = CHECKSUM_NONE;
}

/**
 * Input of a destination beyond this host.
 * @returns NET_RX_SUCCESS, NET_RX_DROP or what the output answers
 * @kernel net/ipv4/ip_forward.c:86 (v5.10)
 */
export function ip_forward(skb: sk_buff): number {
	const cb = IPCB(skb);
	const opt = cb.opt;
	drop: {
		if (skb.pkt_type !== PACKET_HOST) break drop;
		if (skb.sk !== null) break drop;
		if (!xfrm4_policy_check(null, XFRM_POLICY_FWD, skb)) break drop;
		if (opt.router_alert !== 0 && ip_call_ra_chain(skb)) return NET_RX_SUCCESS;
		skb_forward_csum(skb);
		const net = skb.dev!.nd_net;
		if (skb.head[skb.network_header + IPHDR_ttl] <= 1) {
			IP_INC_STATS(net, IPSTATS_MIB_INHDRERRORS);
			icmp_send(skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
			break drop;
		}
		if (!xfrm4_route_forward(skb)) break drop;
		const rt = skb._dst as rtable;
		if (opt.is_strictroute && rt.rt_uses_gateway !== 0) {
			icmp_send(skb, ICMP_DEST_UNREACH, ICMP_SR_FAILED, 0);
			break drop;
		}
		cb.flags |= IPSKB_FORWARDED;
		const mtu = ip_dst_mtu_maybe_forward(rt, true);
		if (ip_exceeds_mtu(skb, mtu)) {
			IP_INC_STATS(net, IPSTATS_MIB_FRAGFAILS);
			icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
			break drop;
		}
		if (skb_cow(skb, LL_RESERVED_SPACE(rt.dev!) + rt.header_len) !== 0) break drop;
		ip_decrease_ttl(skb.view, skb.network_header);
		if ((cb.flags & IPSKB_DOREDIRECT) !== 0 && opt.srr === 0 && skb.sp === null)
			ip_rt_send_redirect(skb);
		if (net.ipv4.sysctl_ip_fwd_update_priority !== 0)
			skb.priority = rt_tos2priority(skb.head[skb.network_header + IPHDR_tos]);
		return NF_HOOK(
			NFPROTO_IPV4,
			NF_INET_FORWARD,
			net,
			null,
			skb,
			skb.dev,
			rt.dev,
			ip_forward_finish,
		);
	}
	kfree_skb(skb);
	return NET_RX_DROP;
}

/**
 * Puts ip_forward() into the table of one-way calls.
 * @kernel PORT: net/ipv4/route.c names ip_forward() itself
 */
export function ip_forward_init(m: Machine): void {
	ipv4_stub.of(m).ip_forward = ip_forward;
}
