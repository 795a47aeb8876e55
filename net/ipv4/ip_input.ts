// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/ip_input.c, base v5.10: receiving IPv4 packets.
 *
 * Not ported: receiving lists of packets (ip_list_rcv), for the devices of this world hand them up one by one;
 * routing hints, route accounting, multicast routing.
 */
import {
	__in_dev_get_rcu,
	IN_DEV_LOG_MARTIANS,
	IN_DEV_ORCONF,
	IN_DEV_SOURCE_ROUTE,
} from '../../include/linux/inetdevice.ts';
import { ip_daddr, ip_saddr } from '../../include/linux/ip.ts';
import type { Machine } from '../../include/linux/machine.ts';
import {
	NET_RX_DROP,
	NET_RX_SUCCESS,
	type net_device,
	packet_type,
} from '../../include/linux/netdevice.ts';
import {
	PACKET_BROADCAST,
	PACKET_MULTICAST,
	PACKET_OTHERHOST,
	skb_headroom,
	skb_network_header_len,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import { ip_fast_csum } from '../../include/net/checksum.ts';
import { dst_input } from '../../include/net/dst.ts';
import { icmp_send } from '../../include/net/icmp.ts';
import { INET_ECN_MASK } from '../../include/net/inet_ecn.ts';
import { inet_sk } from '../../include/net/inet_sock.ts';
import {
	IP_DEFRAG_CALL_RA_CHAIN,
	IP_DEFRAG_LOCAL_DELIVER,
	ip_is_fragment,
	IPCB,
	IPCB_clear,
} from '../../include/net/ip.ts';
import { ipv4_stub } from '../../include/net/ipv4_stubs.ts';
import { l3mdev_ip_rcv } from '../../include/net/l3mdev.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { inet_protos } from '../../include/net/protocol.ts';
import type { rtable } from '../../include/net/route.ts';
import {
	IP_ADD_STATS,
	IP_INC_STATS,
	IP_UPD_PO_STATS,
	NET_INC_STATS,
} from '../../include/net/snmp.ts';
import type { sock } from '../../include/net/sock.ts';
import { xfrm4_policy_check, XFRM_POLICY_IN } from '../../include/net/xfrm.ts';
import { EXDEV } from '../../include/uapi/linux/errno.ts';
import { ICMP_DEST_UNREACH, ICMP_PROT_UNREACH } from '../../include/uapi/linux/icmp.ts';
import { ETH_P_IP } from '../../include/uapi/linux/if_ether.ts';
import {
	IPV4_DEVCONF_DROP_UNICAST_IN_L2_MULTICAST,
	IPHDR_LEN,
	IPHDR_protocol,
	IPHDR_tos,
	IPHDR_tot_len,
} from '../../include/uapi/linux/ip.ts';
import {
	NF_INET_LOCAL_IN,
	NF_INET_PRE_ROUTING,
	NFPROTO_IPV4,
} from '../../include/uapi/linux/netfilter.ts';
import { RTN_BROADCAST, RTN_MULTICAST } from '../../include/uapi/linux/rtnetlink.ts';
import {
	IPSTATS_MIB_CSUMERRORS,
	IPSTATS_MIB_INBCASTOCTETS,
	IPSTATS_MIB_INBCASTPKTS,
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
	LINUX_MIB_IPRPFILTER,
} from '../../include/uapi/linux/snmp.ts';
import { dev_add_pack } from '../core/dev.ts';
import {
	__skb_pull,
	consume_skb,
	kfree_skb,
	nf_reset_ct,
	pskb_may_pull,
	pskb_trim_rcsum,
	skb_clone,
	skb_cow,
	skb_orphan,
	skb_share_check,
} from '../core/skbuff.ts';
import { sock_pfree } from '../core/sock.ts';
import { NF_HOOK } from '../netfilter/core.ts';
import { ip_defrag } from './ip_fragment.ts';
import { ip_options_compile, ip_options_rcv_srr } from './ip_options.ts';
import { raw_local_deliver, raw_rcv } from './raw.ts';
import { ip_route_input_noref } from './route.ts';

/**
 * Gives a packet with the router alert option to the raw sockets that want it.
 * @returns true when the packet was taken
 * @kernel net/ipv4/ip_input.c:148 (v5.10)
 */
export function ip_call_ra_chain(skb: sk_buff): boolean {
	const protocol = skb.head[skb.network_header + IPHDR_protocol];
	const dev = skb.dev!;
	const net = dev.nd_net;
	let last: sock | null = null;
	for (const sk of net.ipv4.ra_chain) {
		if (
			inet_sk(sk).inet_num === protocol &&
			(sk.sk_bound_dev_if === 0 || sk.sk_bound_dev_if === dev.ifindex)
		) {
			if (ip_is_fragment(skb.view, skb.network_header)) {
				if (ip_defrag(net, skb, IP_DEFRAG_CALL_RA_CHAIN) !== 0) return true;
			}
			if (last !== null) raw_rcv(last, skb_clone(skb));
			last = sk;
		}
	}
	if (last !== null) {
		raw_rcv(last, skb);
		return true;
	}
	return false;
}

/**
 * Gives a packet to raw sockets and to the protocol, which may name another protocol to go on with.
 * @param protocol IPPROTO_*
 * @kernel net/ipv4/ip_input.c:187 (v5.10)
 */
export function ip_protocol_deliver_rcu(net: net, skb: sk_buff, protocol: number): void {
	for (;;) {
		const raw = raw_local_deliver(skb, protocol);
		const ipprot = inet_protos.of(skb.machine)[protocol];
		if (ipprot !== null) {
			if (!ipprot.no_policy) {
				if (!xfrm4_policy_check(null, XFRM_POLICY_IN, skb)) {
					kfree_skb(skb);
					return;
				}
				nf_reset_ct(skb);
			}
			const ret = ipprot.handler(skb);
			if (ret < 0) {
				protocol = -ret;
				continue;
			}
			IP_INC_STATS(net, IPSTATS_MIB_INDELIVERS);
		} else if (raw === 0) {
			if (xfrm4_policy_check(null, XFRM_POLICY_IN, skb)) {
				IP_INC_STATS(net, IPSTATS_MIB_INUNKNOWNPROTOS);
				icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0);
			}
			kfree_skb(skb);
		} else {
			IP_INC_STATS(net, IPSTATS_MIB_INDELIVERS);
			consume_skb(skb);
		}
		return;
	}
}

/**
 * Delivers a packet that has passed the input hooks.
 * @returns 0
 * @kernel net/ipv4/ip_input.c:226 (v5.10)
 */
function ip_local_deliver_finish(net: net, _sk: sock | null, skb: sk_buff): number {
	__skb_pull(skb, skb_network_header_len(skb));
	ip_protocol_deliver_rcu(net, skb, skb.head[skb.network_header + IPHDR_protocol]);
	return 0;
}

/**
 * Input of a destination that is this host.
 * @kernel net/ipv4/ip_input.c:240 (v5.10)
 */
export function ip_local_deliver(skb: sk_buff): number {
	const net = skb.dev!.nd_net;
	if (ip_is_fragment(skb.view, skb.network_header)) {
		if (ip_defrag(net, skb, IP_DEFRAG_LOCAL_DELIVER) !== 0) return 0;
	}
	return NF_HOOK(
		NFPROTO_IPV4,
		NF_INET_LOCAL_IN,
		net,
		null,
		skb,
		skb.dev,
		null,
		ip_local_deliver_finish,
	);
}

/**
 * Reads and obeys the options of a packet.
 * @returns true when it must be dropped
 * @kernel net/ipv4/ip_input.c:257 (v5.10)
 */
function ip_rcv_options(skb: sk_buff, dev: net_device): boolean {
	if (skb_cow(skb, skb_headroom(skb)) !== 0) {
		IP_INC_STATS(dev.nd_net, IPSTATS_MIB_INDISCARDS);
		return true;
	}
	const opt = IPCB(skb).opt;
	opt.optlen = (skb.head[skb.network_header] & 0xf) * 4 - IPHDR_LEN;
	if (ip_options_compile(dev.nd_net, opt, skb) !== 0) {
		IP_INC_STATS(dev.nd_net, IPSTATS_MIB_INHDRERRORS);
		return true;
	}
	if (opt.srr !== 0) {
		const in_dev = __in_dev_get_rcu(dev);
		if (in_dev !== null && !IN_DEV_SOURCE_ROUTE(in_dev)) {
			if (IN_DEV_LOG_MARTIANS(in_dev))
				skb.machine.printk(`IPv4: source route option on ${dev.name}`);
			return true;
		}
		if (ip_options_rcv_srr(skb, dev) !== 0) return true;
	}
	return false;
}

/**
 * Finds where a packet goes.
 * @returns NET_RX_SUCCESS, or NET_RX_DROP when it is gone
 * @kernel net/ipv4/ip_input.c:314 (v5.10)
 */
function ip_rcv_finish_core(net: net, skb: sk_buff, dev: net_device): number {
	let err = 0;
	drop: {
		if (
			net.ipv4.sysctl_ip_early_demux !== 0 &&
			skb._dst === null &&
			skb.sk === null &&
			!ip_is_fragment(skb.view, skb.network_header)
		) {
			const protocol = skb.head[skb.network_header + IPHDR_protocol];
			const edemux = inet_protos.of(skb.machine)[protocol]?.early_demux;
			if (edemux !== undefined && (err = edemux(skb)) !== 0) break drop;
		}
		const iph = skb.network_header;
		if (skb._dst === null) {
			err = ip_route_input_noref(
				skb,
				ip_daddr(skb),
				ip_saddr(skb),
				skb.head[iph + IPHDR_tos],
				dev,
			);
			if (err !== 0) break drop;
		}
		if ((skb.head[iph] & 0xf) > 5 && ip_rcv_options(skb, dev)) break drop;
		const rt = skb._dst as rtable | null;
		if (rt === null) return NET_RX_SUCCESS;
		if (rt.rt_type === RTN_MULTICAST) {
			IP_UPD_PO_STATS(
				net,
				IPSTATS_MIB_INMCASTPKTS,
				IPSTATS_MIB_INMCASTOCTETS,
				skb.len,
			);
		} else if (rt.rt_type === RTN_BROADCAST) {
			IP_UPD_PO_STATS(
				net,
				IPSTATS_MIB_INBCASTPKTS,
				IPSTATS_MIB_INBCASTOCTETS,
				skb.len,
			);
		} else if (
			skb.pkt_type === PACKET_BROADCAST ||
			skb.pkt_type === PACKET_MULTICAST
		) {
			const in_dev = __in_dev_get_rcu(dev);
			if (
				in_dev !== null &&
				IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_DROP_UNICAST_IN_L2_MULTICAST)
			)
				break drop;
		}
		return NET_RX_SUCCESS;
	}
	if (err === -EXDEV) NET_INC_STATS(net, LINUX_MIB_IPRPFILTER);
	kfree_skb(skb);
	return NET_RX_DROP;
}

/**
 * Sends a packet that has passed the prerouting hooks on its way.
 * @kernel net/ipv4/ip_input.c:414 (v5.10)
 */
function ip_rcv_finish(net: net, _sk: sock | null, skb: sk_buff): number {
	const dev = skb.dev!;
	const skb1 = l3mdev_ip_rcv(skb);
	if (skb1 === null) return NET_RX_SUCCESS;
	const ret = ip_rcv_finish_core(net, skb1, dev);
	return ret !== NET_RX_DROP ? dst_input(skb1) : ret;
}

/**
 * Checks an IPv4 header, drops what is behind the packet and readies the control block.
 * @returns the packet, or null when it was dropped
 * @kernel net/ipv4/ip_input.c:435 (v5.10)
 */
function ip_rcv_core(skb: sk_buff, net: net): sk_buff | null {
	drop: {
		/* A frame for someone else, seen because the device is promiscuous. */
		if (skb.pkt_type === PACKET_OTHERHOST) break drop;
		IP_UPD_PO_STATS(net, IPSTATS_MIB_INPKTS, IPSTATS_MIB_INOCTETS, skb.len);
		skb = skb_share_check(skb);
		inhdr_error: {
			if (!pskb_may_pull(skb, IPHDR_LEN)) break inhdr_error;
			const vihl = skb.head[skb.network_header];
			const ihl = vihl & 0xf;
			if (ihl < 5 || vihl >> 4 !== 4) break inhdr_error;
			IP_ADD_STATS(
				net,
				IPSTATS_MIB_NOECTPKTS +
					(skb.head[skb.network_header + IPHDR_tos] & INET_ECN_MASK),
				Math.max(1, skb.shinfo.gso_segs),
			);
			if (!pskb_may_pull(skb, ihl * 4)) break inhdr_error;
			const iph = skb.network_header;
			if (ip_fast_csum(skb.view, iph, ihl) !== 0) {
				IP_INC_STATS(net, IPSTATS_MIB_CSUMERRORS);
				break inhdr_error;
			}
			const len = skb.view.getUint16(iph + IPHDR_tot_len);
			if (skb.len < len) {
				IP_INC_STATS(net, IPSTATS_MIB_INTRUNCATEDPKTS);
				break drop;
			}
			if (len < ihl * 4) break inhdr_error;
			if (pskb_trim_rcsum(skb, len) !== 0) {
				IP_INC_STATS(net, IPSTATS_MIB_INDISCARDS);
				break drop;
			}
			skb.transport_header = skb.network_header + ihl * 4;
			IPCB_clear(skb);
			skb.ipcb!.iif = skb.skb_iif;
			if (skb.destructor !== sock_pfree) skb_orphan(skb);
			return skb;
		}
		IP_INC_STATS(net, IPSTATS_MIB_INHDRERRORS);
	}
	kfree_skb(skb);
	return null;
}

/**
 * Takes an IPv4 packet off a device.
 * @returns NET_RX_SUCCESS, NET_RX_DROP or a negative errno of the hooks
 * @kernel net/ipv4/ip_input.c:530 (v5.10)
 */
export function ip_rcv(skb: sk_buff, dev: net_device): number {
	const net = dev.nd_net;
	const skb1 = ip_rcv_core(skb, net);
	if (skb1 === null) return NET_RX_DROP;
	return NF_HOOK(
		NFPROTO_IPV4,
		NF_INET_PRE_ROUTING,
		net,
		null,
		skb1,
		dev,
		null,
		ip_rcv_finish,
	);
}

/**
 * Lets a machine receive IPv4 packets and puts what routes call into the table of one-way calls.
 * @kernel PORT: ip_packet_type and dev_add_pack() of net/ipv4/af_inet.c inet_init
 */
export function ip_input_init(m: Machine): void {
	ipv4_stub.of(m).ip_local_deliver = ip_local_deliver;
	dev_add_pack(m, new packet_type(ETH_P_IP, ip_rcv));
}
