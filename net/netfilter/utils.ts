// SPDX-License-Identifier: GPL-2.0
/*
 * net/netfilter/utils.c, base v5.10: checks of transport checksums; routes for whoever knows only the
 * family.
 *
 * Not ported: nf_checksum_partial() and its two (UDP-Lite), nf_reroute() (queues to user space).
 */
import type { sk_buff } from '../../include/linux/skbuff.ts';
import {
	CHECKSUM_COMPLETE,
	CHECKSUM_NONE,
	CHECKSUM_UNNECESSARY,
} from '../../include/linux/skbuff.ts';
import { ip_daddr, ip_saddr } from '../../include/linux/ip.ts';
import { ipv6_hdr } from '../../include/linux/ipv6.ts';
import {
	csum_fold,
	csum_ipv6_magic,
	csum_sub,
	csum_tcpudp_magic,
	csum_tcpudp_nofold,
	csum_unfold,
} from '../../include/net/checksum.ts';
import { AF_INET, AF_INET6 } from '../../include/linux/socket.ts';
import { IPV6HDR_daddr, IPV6HDR_saddr } from '../../include/uapi/linux/ipv6.ts';
import { IPPROTO_TCP, IPPROTO_UDP } from '../../include/uapi/linux/in.ts';
import { NF_INET_LOCAL_IN, NF_INET_PRE_ROUTING } from '../../include/uapi/linux/netfilter.ts';
import type { dst_entry } from '../../include/net/dst.ts';
import type { flowi, flowi4, flowi6 } from '../../include/net/flow.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { __skb_checksum_complete, skb_checksum } from '../core/skbuff.ts';
import { nf_ip_route } from '../ipv4/netfilter.ts';
import { nf_ip6_route } from '../ipv6/netfilter.ts';

/**
 * Checks the transport checksum of an IPv4 packet.
 * @param hook NF_INET_*: sums from hardware are believed where packets come in
 * @param dataoff of the transport header, from data
 * @returns 0 when right
 * @kernel net/netfilter/utils.c:10 (v5.10)
 */
export function nf_ip_checksum(
	skb: sk_buff,
	hook: number,
	dataoff: number,
	protocol: number,
): number {
	const saddr = ip_saddr(skb);
	const daddr = ip_daddr(skb);
	const tcpudp = protocol === IPPROTO_TCP || protocol === IPPROTO_UDP;

	switch (skb.ip_summed) {
		case CHECKSUM_COMPLETE:
			if (hook !== NF_INET_PRE_ROUTING && hook !== NF_INET_LOCAL_IN) return 0;
			if (
				(!tcpudp && csum_fold(skb.csum) === 0) ||
				csum_tcpudp_magic(
					saddr,
					daddr,
					skb.len - dataoff,
					protocol,
					skb.csum,
				) === 0
			) {
				skb.ip_summed = CHECKSUM_UNNECESSARY;
				return 0;
			}
		/* fallthrough */
		case CHECKSUM_NONE:
			if (!tcpudp) skb.csum = 0;
			else
				skb.csum = csum_tcpudp_nofold(
					saddr,
					daddr,
					skb.len - dataoff,
					protocol,
					0,
				);
			return __skb_checksum_complete(skb);
	}
	return 0;
}

/**
 * Checks the transport checksum of an IPv6 packet.
 * @param hook NF_INET_*: sums from hardware are believed where packets come in
 * @param dataoff of the transport header, from data
 * @returns 0 when right
 * @kernel net/netfilter/utils.c:64 (v5.10)
 */
export function nf_ip6_checksum(
	skb: sk_buff,
	hook: number,
	dataoff: number,
	protocol: number,
): number {
	const h = skb.head;
	const saddr = ipv6_hdr(skb) + IPV6HDR_saddr;
	const daddr = ipv6_hdr(skb) + IPV6HDR_daddr;
	const len = skb.len - dataoff;

	switch (skb.ip_summed) {
		case CHECKSUM_COMPLETE:
			if (hook !== NF_INET_PRE_ROUTING && hook !== NF_INET_LOCAL_IN) return 0;
			if (
				csum_ipv6_magic(
					h,
					saddr,
					h,
					daddr,
					len,
					protocol,
					csum_sub(skb.csum, skb_checksum(skb, 0, dataoff, 0)),
				) === 0
			) {
				skb.ip_summed = CHECKSUM_UNNECESSARY;
				return 0;
			}
		/* fallthrough */
		case CHECKSUM_NONE:
			skb.csum =
				~csum_unfold(
					csum_ipv6_magic(
						h,
						saddr,
						h,
						daddr,
						len,
						protocol,
						csum_sub(0, skb_checksum(skb, 0, dataoff, 0)),
					),
				) >>> 0;
			return __skb_checksum_complete(skb);
	}
	return 0;
}

/**
 * Checks the transport checksum of a packet.
 * @param family AF_INET or AF_INET6
 * @returns 0 when right
 * @kernel net/netfilter/utils.c:123 (v5.10)
 */
export function nf_checksum(
	skb: sk_buff,
	hook: number,
	dataoff: number,
	protocol: number,
	family: number,
): number {
	switch (family) {
		case AF_INET:
			return nf_ip_checksum(skb, hook, dataoff, protocol);
		case AF_INET6:
			return nf_ip6_checksum(skb, hook, dataoff, protocol);
	}
	return 0;
}

/**
 * Looks a route up.
 * @param strict with IPv6, the interface of the flow must fit
 * @returns a referenced destination or a negative errno, null for a family without routes
 * @kernel net/netfilter/utils.c:163 (v5.10)
 */
export function nf_route(
	net: net,
	fl: flowi,
	strict: boolean,
	family: number,
): dst_entry | number | null {
	switch (family) {
		case AF_INET:
			return nf_ip_route(net, fl as flowi4);
		case AF_INET6:
			return nf_ip6_route(net, fl as flowi6, strict);
		default:
			return null;
	}
}
