// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/ip6_input.c, base v5.10: the way of received packets to their protocol.
 *
 * Not ported: receiving lists of packets (the device layer hands over one at a time), multicast routing.
 */
import { inet6_sdif, IP6CB, ipv6_hdr, memset_IP6CB } from '../../include/linux/ipv6.ts';
import {
	NET_RX_DROP,
	NET_RX_SUCCESS,
	netif_is_l3_master,
	type net_device,
} from '../../include/linux/netdevice.ts';
import {
	PACKET_BROADCAST,
	PACKET_LOOPBACK,
	PACKET_MULTICAST,
	PACKET_OTHERHOST,
	skb_network_header_len,
	skb_transport_offset,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import { get_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import type { Machine } from '../../include/linux/machine.ts';
import { __in6_dev_get, __in6_dev_get_safely } from '../../include/net/addrconf.ts';
import { dst_input } from '../../include/net/dst.ts';
import type { inet6_dev } from '../../include/net/if_inet6.ts';
import { INET_ECN_MASK } from '../../include/net/inet_ecn.ts';
import { ip6_dst_idev } from '../../include/net/ip6_fib.ts';
import {
	ipv6_addr_is_multicast,
	ipv6_addr_loopback,
	IPV6_ADDR_MC_SCOPE,
	ipv6_addr_v4mapped,
	ipv6_get_dsfield,
	NEXTHDR_HOP,
} from '../../include/net/ipv6.ts';
import { ipv6_stub } from '../../include/net/ipv6_stubs.ts';
import { l3mdev_ip6_rcv } from '../../include/net/l3mdev.ts';
import type { net } from '../../include/net/net_namespace.ts';
import {
	INET6_PROTO_FINAL,
	INET6_PROTO_NOPOLICY,
	inet6_protos,
} from '../../include/net/protocol.ts';
import { IP6_ADD_STATS, IP6_INC_STATS, IP6_UPD_PO_STATS } from '../../include/net/snmp.ts';
import type { sock } from '../../include/net/sock.ts';
import { xfrm6_policy_check, XFRM_POLICY_IN } from '../../include/net/xfrm.ts';
import { ENODEV } from '../../include/uapi/linux/errno.ts';
import { ICMPV6_PARAMPROB, ICMPV6_UNK_NEXTHDR } from '../../include/uapi/linux/icmpv6.ts';
import { IFF_LOOPBACK } from '../../include/uapi/linux/if.ts';
import {
	IPV6HDR_daddr,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_payload_len,
	IPV6HDR_saddr,
} from '../../include/uapi/linux/ipv6.ts';
import {
	NF_INET_LOCAL_IN,
	NF_INET_PRE_ROUTING,
	NFPROTO_IPV6,
} from '../../include/uapi/linux/netfilter.ts';
import {
	IPSTATS_MIB_INDELIVERS,
	IPSTATS_MIB_INDISCARDS,
	IPSTATS_MIB_INHDRERRORS,
	IPSTATS_MIB_INMCASTOCTETS,
	IPSTATS_MIB_INMCASTPKTS,
	IPSTATS_MIB_INOCTETS,
	IPSTATS_MIB_INPKTS,
	IPSTATS_MIB_INTRUNCATEDPKTS,
	IPSTATS_MIB_INUNKNOWNPROTOS,
	IPSTATS_MIB_NOECTPKTS,
} from '../../include/uapi/linux/snmp.ts';
import { dev_get_by_index_rcu } from '../core/dev.ts';
import {
	consume_skb,
	kfree_skb,
	nf_reset_ct,
	pskb_may_pull,
	pskb_pull,
	pskb_trim_rcsum,
	skb_orphan,
	skb_postpull_rcsum,
	skb_share_check,
} from '../core/skbuff.ts';
import { NF_HOOK } from '../netfilter/core.ts';
import { ipv6_parse_hopopts } from './exthdrs.ts';
import { ipv6_is_mld } from './exthdrs_core.ts';
import { icmpv6_send } from './ip6_icmp.ts';
import { ipv6_chk_mcast_addr } from './mcast.ts';
import { raw6_local_deliver } from './raw.ts';
import { ip6_route_input } from './route.ts';

/**
 * Finds where a received packet goes, by its socket when it has a known one.
 * @kernel net/ipv6/ip6_input.c:49 (v5.10)
 */
function ip6_rcv_finish_core(net: net, skb: sk_buff): void {
	if (net.ipv4.sysctl_ip_early_demux !== 0 && skb._dst === null && skb.sk === null) {
		const nexthdr = skb.head[ipv6_hdr(skb) + IPV6HDR_nexthdr];
		inet6_protos.of(net.machine)[nexthdr]?.early_demux?.(skb);
	}
	if (skb._dst === null) ip6_route_input(skb);
}

/**
 * Routes a received packet and goes on with it; okfn of PRE_ROUTING.
 * @returns NET_RX_SUCCESS or what the destination's input answers
 * @kernel net/ipv6/ip6_input.c:66 (v5.10)
 */
export function ip6_rcv_finish(net: net, _sk: sock | null, skb: sk_buff): number {
	const s = l3mdev_ip6_rcv(skb);
	if (s === null) return NET_RX_SUCCESS;
	ip6_rcv_finish_core(net, s);

	return dst_input(s);
}

/**
 * Checks a received packet's header and trims what the link added.
 * @returns the packet, or null when it was dropped
 * @kernel net/ipv6/ip6_input.c:145 (v5.10)
 */
function ip6_rcv_core(skb: sk_buff, dev: net_device): sk_buff | null {
	if (skb.pkt_type === PACKET_OTHERHOST) {
		kfree_skb(skb);
		return null;
	}

	drop: {
		const net = skb.dev!.nd_net;
		const idev = __in6_dev_get(skb.dev!);

		IP6_UPD_PO_STATS(net, idev, IPSTATS_MIB_INPKTS, IPSTATS_MIB_INOCTETS, skb.len);

		skb = skb_share_check(skb);
		if (idev === null || idev.cnf.disable_ipv6 !== 0) {
			IP6_INC_STATS(net, idev, IPSTATS_MIB_INDISCARDS);
			break drop;
		}

		err: {
			memset_IP6CB(skb);
			const cb = IP6CB(skb);

			/* over the loopback device: as if it came by the device it was sent by */
			cb.iif = skb._dst !== null ? ip6_dst_idev(skb._dst)!.dev.ifindex : dev.ifindex;

			if (!pskb_may_pull(skb, IPV6HDR_LEN)) break err;

			const { head } = skb;
			const hdr = ipv6_hdr(skb);
			const saddr = hdr + IPV6HDR_saddr;
			const daddr = hdr + IPV6HDR_daddr;

			if (head[hdr] >> 4 !== 6) break err;

			IP6_ADD_STATS(
				net,
				idev,
				IPSTATS_MIB_NOECTPKTS + (ipv6_get_dsfield(skb) & INET_ECN_MASK),
				Math.max(1, skb.shinfo.gso_segs),
			);

			/* ::1 stays within the host */
			if (
				(ipv6_addr_loopback(head, saddr) || ipv6_addr_loopback(head, daddr)) &&
				(dev.flags & IFF_LOOPBACK) === 0 &&
				!netif_is_l3_master(dev)
			)
				break err;

			const mcast = ipv6_addr_is_multicast(head, daddr);
			if (mcast) {
				const scope = IPV6_ADDR_MC_SCOPE(head, daddr);
				/* interface-local groups, too */
				if (
					scope === 1 &&
					skb.pkt_type !== PACKET_LOOPBACK &&
					(dev.flags & IFF_LOOPBACK) === 0
				)
					break err;
				/* a reserved scope */
				if (scope === 0) break err;
			} else if (
				(skb.pkt_type === PACKET_BROADCAST || skb.pkt_type === PACKET_MULTICAST) &&
				idev.cnf.drop_unicast_in_l2_multicast !== 0
			) {
				break err;
			}

			if (ipv6_addr_is_multicast(head, saddr)) break err;

			/* such a source would look like an IPv4 peer to sockets of both families */
			if (ipv6_addr_v4mapped(head, saddr)) break err;

			skb.transport_header = skb.network_header + IPV6HDR_LEN;
			cb.nhoff = IPV6HDR_nexthdr;

			const pkt_len = get_unaligned_be16(head, hdr + IPV6HDR_payload_len);
			const nexthdr = head[hdr + IPV6HDR_nexthdr];

			/* 0 may announce a jumbo payload option */
			if (pkt_len !== 0 || nexthdr !== NEXTHDR_HOP) {
				if (pkt_len + IPV6HDR_LEN > skb.len) {
					IP6_INC_STATS(net, idev, IPSTATS_MIB_INTRUNCATEDPKTS);
					break drop;
				}
				if (pskb_trim_rcsum(skb, pkt_len + IPV6HDR_LEN) !== 0) {
					IP6_INC_STATS(net, idev, IPSTATS_MIB_INHDRERRORS);
					break drop;
				}
			}

			if (nexthdr === NEXTHDR_HOP && ipv6_parse_hopopts(skb) < 0) {
				IP6_INC_STATS(net, idev, IPSTATS_MIB_INHDRERRORS);
				return null;
			}

			skb_orphan(skb);
			return skb;
		}
		IP6_INC_STATS(net, idev, IPSTATS_MIB_INHDRERRORS);
	}
	kfree_skb(skb);
	return null;
}

/**
 * Takes a packet from the device layer.
 * @returns NET_RX_*
 * @kernel net/ipv6/ip6_input.c:300 (v5.10)
 */
export function ipv6_rcv(skb: sk_buff, dev: net_device): number {
	const net = skb.dev!.nd_net;

	const s = ip6_rcv_core(skb, dev);
	if (s === null) return NET_RX_DROP;
	return NF_HOOK(NFPROTO_IPV6, NF_INET_PRE_ROUTING, net, null, s, dev, null, ip6_rcv_finish);
}

/**
 * Hands a packet to its protocol, through its extension headers one by one.
 * @param nexthdr protocol when have_final, else read from the packet
 * @param have_final a transport saw it already
 * @kernel net/ipv6/ip6_input.c:361 (v5.10)
 */
export function ip6_protocol_deliver_rcu(
	net: net,
	skb: sk_buff,
	nexthdr: number,
	have_final: boolean,
): void {
	const protos = inet6_protos.of(net.machine);
	let resubmit_final = false;
	let idev: inet6_dev | null = null;

	discard: {
		for (;;) {
			if (!resubmit_final) idev = ip6_dst_idev(skb._dst!);
			const { nhoff } = IP6CB(skb);
			if (!resubmit_final && !have_final) {
				if (!pskb_pull(skb, skb_transport_offset(skb))) break discard;
				nexthdr = skb.head[skb.network_header + nhoff];
			}
			resubmit_final = false;

			const raw = raw6_local_deliver(skb, nexthdr);
			const ipprot = protos[nexthdr];
			if (ipprot === null) {
				if (!raw) {
					if (xfrm6_policy_check(null, XFRM_POLICY_IN, skb)) {
						IP6_INC_STATS(net, idev, IPSTATS_MIB_INUNKNOWNPROTOS);
						icmpv6_send(
							skb,
							ICMPV6_PARAMPROB,
							ICMPV6_UNK_NEXTHDR,
							nhoff,
						);
					}
					kfree_skb(skb);
				} else {
					IP6_INC_STATS(net, idev, IPSTATS_MIB_INDELIVERS);
					consume_skb(skb);
				}
				return;
			}

			if (have_final) {
				/* within a transport only transports may follow */
				if ((ipprot.flags & INET6_PROTO_FINAL) === 0) break discard;
			} else if ((ipprot.flags & INET6_PROTO_FINAL) !== 0) {
				have_final = true;

				nf_reset_ct(skb);

				skb_postpull_rcsum(
					skb,
					skb.network_header,
					skb_network_header_len(skb),
				);

				/* skb.dev may be the VRF */
				const sdif = inet6_sdif(skb);
				const dev = sdif !== 0 ? dev_get_by_index_rcu(net, sdif) : skb.dev;
				if (dev === null) break discard;

				const { head } = skb;
				const hdr = ipv6_hdr(skb);
				if (
					ipv6_addr_is_multicast(head, hdr + IPV6HDR_daddr) &&
					!ipv6_chk_mcast_addr(
						dev,
						head,
						head,
						hdr + IPV6HDR_daddr,
						hdr + IPV6HDR_saddr,
					) &&
					!ipv6_is_mld(skb, nexthdr, skb_network_header_len(skb))
				)
					break discard;
			}
			if (
				(ipprot.flags & INET6_PROTO_NOPOLICY) === 0 &&
				!xfrm6_policy_check(null, XFRM_POLICY_IN, skb)
			)
				break discard;

			const ret = ipprot.handler(skb);
			if (ret <= 0) {
				if (ret === 0) IP6_INC_STATS(net, idev, IPSTATS_MIB_INDELIVERS);
				return;
			}
			if ((ipprot.flags & INET6_PROTO_FINAL) !== 0) {
				/* encapsulation in a transport: the answer is the protocol inside */
				nexthdr = ret;
				resubmit_final = true;
			}
		}
	}
	IP6_INC_STATS(net, idev, IPSTATS_MIB_INDISCARDS);
	kfree_skb(skb);
}

/**
 * Delivers a packet; okfn of LOCAL_IN.
 * @returns 0
 * @kernel net/ipv6/ip6_input.c:471 (v5.10)
 */
function ip6_input_finish(net: net, _sk: sock | null, skb: sk_buff): number {
	ip6_protocol_deliver_rcu(net, skb, 0, false);
	return 0;
}

/**
 * Input of destinations that are this host.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/ip6_input.c:481 (v5.10)
 */
export function ip6_input(skb: sk_buff): number {
	const dev = skb.dev!;
	return NF_HOOK(
		NFPROTO_IPV6,
		NF_INET_LOCAL_IN,
		dev.nd_net,
		null,
		skb,
		dev,
		null,
		ip6_input_finish,
	);
}

/**
 * Input of multicast destinations.
 * @returns 0 or -ENODEV
 * @kernel net/ipv6/ip6_input.c:489 (v5.10)
 */
export function ip6_mc_input(skb: sk_buff): number {
	const sdif = inet6_sdif(skb);

	IP6_UPD_PO_STATS(
		skb._dst!.dev!.nd_net,
		__in6_dev_get_safely(skb.dev),
		IPSTATS_MIB_INMCASTPKTS,
		IPSTATS_MIB_INMCASTOCTETS,
		skb.len,
	);

	/* skb.dev may be the VRF */
	const dev = sdif !== 0 ? dev_get_by_index_rcu(skb.dev!.nd_net, sdif) : skb.dev;
	if (dev === null) {
		kfree_skb(skb);
		return -ENODEV;
	}

	if (ipv6_chk_mcast_addr(dev, skb.head, null, ipv6_hdr(skb) + IPV6HDR_daddr)) ip6_input(skb);
	else kfree_skb(skb);
	return 0;
}

/**
 * Makes this file's input functions known to routes.
 * @kernel PORT: in C route.c calls them directly
 */
export function ip6_input_init(m: Machine): void {
	const stub = ipv6_stub.of(m);
	stub.ip6_input = ip6_input;
	stub.ip6_mc_input = ip6_mc_input;
}
