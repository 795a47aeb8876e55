// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/ip6_output.c, base v5.10: sending, forwarding, fragmenting; putting datagrams together; routes of
 * sockets.
 *
 * PORT: a route is given back instead of through a pointer. What datagram.ts does is called by way of
 * ipv6_stub. The hash that flow labels are made of is the one of net/ipv6/route.ts.
 * Not ported: router alert chains (no program asks for them), neighbour proxies (net/core/neighbour.ts has
 * none), light-weight tunnels, multicast routing, optimistic DAD, UDP GSO from user land, zero copy, tunnels'
 * lookups, BPF.
 */
import { put_unaligned_be16, put_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { icmp6_hdr } from '../../include/linux/icmpv6.ts';
import {
	inet6_cork,
	inet6_sk,
	IP6CB,
	ipv6_hdr,
	type ipv6_pinfo,
} from '../../include/linux/ipv6.ts';
import { HZ, machine_var, type Machine } from '../../include/linux/machine.ts';
import { get_page } from '../../include/linux/mm.ts';
import type { okfn_t } from '../../include/linux/netfilter.ts';
import { LL_RESERVED_SPACE, NET_XMIT_CN } from '../../include/linux/netdevice.ts';
import {
	NETIF_F_GSO_MASK,
	NETIF_F_HW_CSUM,
	NETIF_F_IPV6_CSUM,
	NETIF_F_SG,
} from '../../include/linux/netdev_features.ts';
import {
	__skb_dequeue,
	__skb_dequeue_tail,
	__skb_queue_tail,
	CHECKSUM_COMPLETE,
	CHECKSUM_NONE,
	CHECKSUM_PARTIAL,
	MAX_SKB_FRAGS,
	PACKET_HOST,
	sk_buff_head,
	skb_cloned,
	skb_headlen,
	skb_headroom,
	skb_is_gso,
	skb_network_header_len,
	skb_network_offset,
	skb_peek_tail,
	skb_queue_empty,
	skb_reserve,
	skb_reset_network_header,
	skb_reset_transport_header,
	skb_set_network_header,
	skb_shared,
	skb_tailroom,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import { AF_INET6, MSG_CONFIRM, MSG_MORE, MSG_PROBE } from '../../include/linux/socket.ts';
import type { __be32, in6_addr } from '../../include/linux/types.ts';
import { __in6_dev_get_safely } from '../../include/net/addrconf.ts';
import { csum_sub } from '../../include/net/checksum.ts';
import {
	type dst_entry,
	dst_hold,
	dst_metric,
	dst_mtu,
	dst_output,
	dst_release,
	DST_XFRM_TUNNEL,
	RTAX_FEATURES,
	skb_dst_set,
} from '../../include/net/dst.ts';
import { FLOWI_FLAG_SKIP_NH_OIF, flowi6 } from '../../include/net/flow.ts';
import type {
	inet_cork_full} from '../../include/net/inet_sock.ts';
import {
	inet_sk,
	IPCORK_ALLFRAG,
	type inet_cork,
} from '../../include/net/inet_sock.ts';
import {
	ip6_dst_idev,
	RTF_CACHE,
	RTF_GATEWAY,
	type rt6_info,
	type rt6key,
} from '../../include/net/ip6_fib.ts';
import {
	ip6_dst_mtu_forward,
	ip6_sk_ignore_df,
	ip6_skb_dst_mtu,
	RT6_LOOKUP_F_IFACE,
} from '../../include/net/ip6_route.ts';
import {
	FRAG_HDR_frag_off,
	FRAG_HDR_identification,
	FRAG_HDR_LEN,
	FRAG_HDR_nexthdr,
	FRAG_HDR_reserved,
	IP6_AUTO_FLOW_LABEL_FORCED,
	IP6_AUTO_FLOW_LABEL_OFF,
	ip6_default_np_autolabel,
	ip6_flow_hdr,
	IP6_MF,
	IPV6_ADDR_ANY,
	ipv6_addr_any,
	ipv6_addr_copy,
	ipv6_addr_equal,
	ipv6_addr_is_multicast,
	IPV6_ADDR_LINKLOCAL,
	IPV6_ADDR_LOOPBACK,
	IPV6_ADDR_MC_SCOPE,
	IPV6_ADDR_MULTICAST,
	IPV6_ADDR_SCOPE_NODELOCAL,
	ipv6_addr_type,
	ipv6_addr_v4mapped,
	IPV6_FLOWLABEL_MASK,
	IPV6_FLOWLABEL_STATELESS_FLAG,
	IPV6_MAXPLEN,
	ipv6_txoptions,
	NEXTHDR_FRAGMENT,
	type ipcm6_cookie,
} from '../../include/net/ipv6.ts';
import { ipv4_stub } from '../../include/net/ipv4_stubs.ts';
import { ipv6_stub } from '../../include/net/ipv6_stubs.ts';
import { l3mdev_ip6_out } from '../../include/net/l3mdev.ts';
import { __ipv6_neigh_lookup_noref } from '../../include/net/ndisc.ts';
import type { net } from '../../include/net/net_namespace.ts';
import {
	ICMP6_INC_STATS,
	ICMP6MSGOUT_INC_STATS,
	IP6_ADD_STATS,
	IP6_INC_STATS,
	IP6_UPD_PO_STATS,
} from '../../include/net/snmp.ts';
import type { page_frag, sock } from '../../include/net/sock.ts';
import {
	xfrm6_policy_check,
	xfrm6_route_forward,
	xfrm_lookup_ops,
	XFRM_POLICY_FWD,
} from '../../include/net/xfrm.ts';
import { IP6SKB_REROUTED } from '../../include/linux/ipv6.ts';
import {
	EAFNOSUPPORT,
	EFAULT,
	EINVAL,
	EMSGSIZE,
	ENOBUFS,
	ENOMEM,
	ETIMEDOUT,
	ENETUNREACH,
} from '../../include/uapi/linux/errno.ts';
import {
	ICMPV6_DEST_UNREACH,
	ICMPV6_EXC_HOPLIMIT,
	ICMPV6_NOT_NEIGHBOUR,
	ICMPV6_PKT_TOOBIG,
	ICMPV6_TIME_EXCEED,
	ICMP6HDR_type,
} from '../../include/uapi/linux/icmpv6.ts';
import { IFF_LOOPBACK } from '../../include/uapi/linux/if.ts';
import { ETH_P_IPV6 } from '../../include/uapi/linux/if_ether.ts';
import { IPPROTO_ICMPV6, IPPROTO_RAW, IPPROTO_UDP } from '../../include/uapi/linux/in.ts';
import { IPV6_PMTUDISC_PROBE } from '../../include/uapi/linux/in6.ts';
import {
	IPV6_MIN_MTU,
	IPV6HDR_daddr,
	IPV6HDR_hop_limit,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_payload_len,
	IPV6HDR_saddr,
} from '../../include/uapi/linux/ipv6.ts';
import {
	NF_INET_FORWARD,
	NF_INET_LOCAL_OUT,
	NF_INET_POST_ROUTING,
	NFPROTO_IPV6,
} from '../../include/uapi/linux/netfilter.ts';
import { RTAX_FEATURE_ALLFRAG } from '../../include/uapi/linux/rtnetlink.ts';
import {
	ICMP6_MIB_OUTMSGS,
	IPSTATS_MIB_FRAGCREATES,
	IPSTATS_MIB_FRAGFAILS,
	IPSTATS_MIB_FRAGOKS,
	IPSTATS_MIB_INADDRERRORS,
	IPSTATS_MIB_INDISCARDS,
	IPSTATS_MIB_INHDRERRORS,
	IPSTATS_MIB_INTOOBIGERRORS,
	IPSTATS_MIB_OUTDISCARDS,
	IPSTATS_MIB_OUTFORWDATAGRAMS,
	IPSTATS_MIB_OUTMCASTOCTETS,
	IPSTATS_MIB_OUTMCASTPKTS,
	IPSTATS_MIB_OUTNOROUTES,
	IPSTATS_MIB_OUTOCTETS,
	IPSTATS_MIB_OUTPKTS,
} from '../../include/uapi/linux/snmp.ts';
import {
	dev_loopback_xmit,
	netif_skb_features,
	skb_checksum_help,
	skb_gso_segment,
} from '../core/dev.ts';
import { __neigh_create, neigh_output } from '../core/neighbour.ts';
import {
	__skb_pull,
	__skb_push,
	__skb_trim,
	alloc_skb,
	consume_skb,
	kfree_skb,
	kfree_skb_list,
	nf_copy,
	pskb_trim,
	skb_can_coalesce,
	skb_clone,
	skb_copy_and_csum_bits,
	skb_copy_bits,
	skb_cow,
	skb_dst_copy,
	skb_dst_drop,
	skb_ext_reset,
	skb_fill_page_desc,
	skb_gso_validate_network_len,
	skb_push,
	skb_put,
	skb_realloc_headroom,
} from '../core/skbuff.ts';
import {
	sk_dst_check,
	sk_mc_loop,
	sk_page_frag,
	sk_page_frag_refill,
	skb_set_owner_w,
	sock_alloc_send_skb,
	sock_confirm_neigh,
	sock_wfree,
	type errcode,
} from '../core/sock.ts';
import { inet_getpeer_v6, inet_peer_xrlim_allow, inet_putpeer } from '../ipv4/inetpeer.ts';
import type { getfrag_t } from '../ipv4/ip_output.ts';
import { NF_HOOK, NF_HOOK_COND } from '../netfilter/core.ts';
import { ipv6_push_frag_opts, ipv6_push_nfrag_opts } from './exthdrs.ts';
import { icmpv6_send } from './ip6_icmp.ts';
import { ipv6_chk_mcast_addr } from './mcast.ts';
import { ndisc_send_redirect } from './ndisc.ts';
import {
	ip6_dst_hoplimit,
	ip6_find_1stfragopt,
	ip6_find_1stfragopt_prevhdr,
	ip6_local_out,
	ipv6_select_ident,
} from './output_core.ts';
import {
	__get_hash_from_flowi6,
	ip6_route_get_saddr,
	ip6_route_output,
	ip6_route_output_flags,
	ip6_sk_dst_store_flow,
} from './route.ts';

/** Address of the next hop of the packet that is being sent. */
const nexthop_buf = machine_var(() => new Uint8Array(16));

/**
 * Flow label of a packet: what the flow says, or a hash of the flow.
 * @param flowlabel network order; may hold the traffic class, too
 * @param autolabel the sender wants one to be made
 * @kernel PORT: inline of include/net/ipv6.h:855, include/ does not import net/
 */
export function ip6_make_flowlabel(
	net: net,
	skb: sk_buff,
	flowlabel: number,
	autolabel: boolean,
	fl6: flowi6,
): __be32 {
	const { auto_flowlabels, flowlabel_state_ranges } = net.ipv6.sysctl;

	flowlabel &= IPV6_FLOWLABEL_MASK;

	if (
		flowlabel !== 0 ||
		auto_flowlabels === IP6_AUTO_FLOW_LABEL_OFF ||
		(!autolabel && auto_flowlabels !== IP6_AUTO_FLOW_LABEL_FORCED)
	)
		return flowlabel as __be32;

	/* skb_get_hash_flowi6() */
	if (!skb.l4_hash && skb.hash === 0) {
		skb.hash = __get_hash_from_flowi6(net.machine, fl6);
		skb.l4_hash = fl6.uli !== 0;
	}

	/* the hash itself shall not be on the wire */
	flowlabel = ((skb.hash << 16) | (skb.hash >>> 16)) & IPV6_FLOWLABEL_MASK;

	if (flowlabel_state_ranges !== 0) flowlabel |= IPV6_FLOWLABEL_STATELESS_FLAG;

	return flowlabel as __be32;
}

/**
 * Hop limit of what a socket sends on a route.
 * @kernel PORT: inline of include/net/ipv6.h:836, include/ does not import net/
 */
export function ip6_sk_dst_hoplimit(np: ipv6_pinfo, fl6: flowi6, dst: dst_entry): number {
	let hlimit = ipv6_addr_is_multicast(fl6.daddr) ? np.mcast_hops : np.hop_limit;
	if (hlimit < 0) hlimit = ip6_dst_hoplimit(dst);
	return hlimit;
}

/**
 * Bytes of a packet without its fragment list.
 * @kernel PORT: include/linux/skbuff.h skb_pagelen
 */
function skb_pagelen(skb: sk_buff): number {
	let len = skb_headlen(skb);
	const si = skb.shinfo;
	for (let i = 0; i < si.nr_frags; i++) len += si.frags[i].bv_len;
	return len;
}

/**
 * Tells whether a route wants a fragment header on everything.
 * @kernel PORT: include/net/dst.h dst_allfrag
 */
function dst_allfrag(dst: dst_entry): boolean {
	return (dst_metric(dst, RTAX_FEATURES) & RTAX_FEATURE_ALLFRAG) !== 0;
}

/**
 * Route under an IPsec bundle.
 * @kernel PORT: include/net/xfrm.h xfrm_dst_path
 */
function xfrm_dst_path(dst: dst_entry): dst_entry {
	return dst.xfrm !== null ? ipv4_stub.of(dst.dev!.machine).xfrm_dst_path(dst) : dst;
}

/**
 * Sends a packet to its next hop.
 * @returns 0, NET_XMIT_* or a negative errno
 * @kernel net/ipv6/ip6_output.c:59 (v5.10)
 */
function ip6_finish_output2(net: net, sk: sock | null, skb: sk_buff): number {
	const rt = skb._dst as rt6_info;
	const dev = rt.dev!;
	const daddr = ipv6_hdr(skb) + IPV6HDR_daddr;

	if (ipv6_addr_is_multicast(skb.head, daddr)) {
		const idev = ip6_dst_idev(rt);
		const loopback = (dev.flags & IFF_LOOPBACK) !== 0;

		if (
			!loopback &&
			sk_mc_loop(sk) &&
			ipv6_chk_mcast_addr(
				dev,
				skb.head,
				skb.head,
				daddr,
				ipv6_hdr(skb) + IPV6HDR_saddr,
			)
		) {
			const newskb = skb_clone(skb);
			NF_HOOK(
				NFPROTO_IPV6,
				NF_INET_POST_ROUTING,
				net,
				sk,
				newskb,
				null,
				newskb.dev,
				dev_loopback_xmit,
			);

			if (skb.head[ipv6_hdr(skb) + IPV6HDR_hop_limit] === 0) {
				IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTDISCARDS);
				kfree_skb(skb);
				return 0;
			}
		}

		IP6_UPD_PO_STATS(
			net,
			idev,
			IPSTATS_MIB_OUTMCASTPKTS,
			IPSTATS_MIB_OUTMCASTOCTETS,
			skb.len,
		);

		if (IPV6_ADDR_MC_SCOPE(skb.head, daddr) <= IPV6_ADDR_SCOPE_NODELOCAL && !loopback) {
			kfree_skb(skb);
			return 0;
		}
	}

	/* PORT: rt6_nexthop(), with the packet's own address copied */
	let nexthop: in6_addr;
	if ((rt.rt6i_flags & RTF_GATEWAY) !== 0) nexthop = rt.rt6i_gateway;
	else if ((rt.rt6i_flags & RTF_CACHE) !== 0) nexthop = rt.rt6i_dst.addr;
	else {
		nexthop = nexthop_buf.of(net.machine);
		ipv6_addr_copy(nexthop, skb.head, 0, daddr);
	}
	let neigh = __ipv6_neigh_lookup_noref(dev, nexthop);
	if (neigh === null) {
		const { nd_tbl } = ipv6_stub.of(net.machine);
		const made =
			nd_tbl !== null ? __neigh_create(nd_tbl, nexthop, dev, false) : -EINVAL;
		if (!IS_ERR(made)) neigh = made;
	}
	if (neigh !== null) {
		sock_confirm_neigh(skb, neigh);
		return neigh_output(neigh, skb, false);
	}

	IP6_INC_STATS(net, ip6_dst_idev(rt), IPSTATS_MIB_OUTNOROUTES);
	kfree_skb(skb);
	return -EINVAL;
}

/**
 * Sends a GSO packet whose segments do not fit, segment by segment.
 * @returns 0 or the first negative errno
 * @kernel net/ipv6/ip6_output.c:129 (v5.10)
 */
function ip6_finish_output_gso_slowpath_drop(net: net, sk: sock | null, skb: sk_buff): number {
	const features = netif_skb_features(skb);
	let segs = skb_gso_segment(skb, features & ~NETIF_F_GSO_MASK);
	let ret = 0;

	if (segs === null || IS_ERR(segs)) {
		kfree_skb(skb);
		return -ENOMEM;
	}

	consume_skb(skb);

	while (segs !== null) {
		const next: sk_buff | null = segs.next;
		segs.next = null;
		const err = ip6_fragment(net, sk, segs, ip6_finish_output2);
		if (err !== 0 && ret === 0) ret = err;
		segs = next;
	}
	return ret;
}

/**
 * Fragments a packet if it must be, and sends it.
 * @returns 0, NET_XMIT_* or a negative errno
 * @kernel net/ipv6/ip6_output.c:161 (v5.10)
 */
function __ip6_finish_output(net: net, sk: sock | null, skb: sk_buff): number {
	const dst = skb._dst!;
	const cb = IP6CB(skb);

	/* source NAT may have found a policy that did not apply before */
	if (dst.xfrm !== null) {
		/* PORT: the C sets the flag of IPv4 in the wrong place */
		cb.flags |= IP6SKB_REROUTED;
		return dst_output(net, sk, skb);
	}

	const mtu = ip6_skb_dst_mtu(skb);
	const gso = skb_is_gso(skb);
	if (gso && !skb_gso_validate_network_len(skb, mtu))
		return ip6_finish_output_gso_slowpath_drop(net, sk, skb);

	if (
		(skb.len > mtu && !gso) ||
		dst_allfrag(dst) ||
		(cb.frag_max_size !== 0 && skb.len > cb.frag_max_size)
	)
		return ip6_fragment(net, sk, skb, ip6_finish_output2);
	return ip6_finish_output2(net, sk, skb);
}

/**
 * Sends a packet; okfn of POST_ROUTING.
 * @returns 0, NET_XMIT_* or a negative errno
 * @kernel net/ipv6/ip6_output.c:185 (v5.10)
 */
function ip6_finish_output(net: net, sk: sock | null, skb: sk_buff): number {
	return __ip6_finish_output(net, sk, skb);
}

/**
 * Output of destinations on a link.
 * @returns 0, NET_XMIT_* or a negative errno
 * @kernel net/ipv6/ip6_output.c:201 (v5.10)
 */
export function ip6_output(net: net, sk: sock | null, skb: sk_buff): number {
	const dst = skb._dst!;
	const { dev } = dst;
	const indev = skb.dev;
	const idev = ip6_dst_idev(dst);

	skb.protocol = ETH_P_IPV6;
	skb.dev = dev;

	if (idev !== null && idev.cnf.disable_ipv6 !== 0) {
		IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTDISCARDS);
		kfree_skb(skb);
		return 0;
	}

	return NF_HOOK_COND(
		NFPROTO_IPV6,
		NF_INET_POST_ROUTING,
		net,
		sk,
		skb,
		indev,
		dev,
		ip6_finish_output,
		(IP6CB(skb).flags & IP6SKB_REROUTED) === 0,
	);
}

/**
 * Tells whether a socket wants flow labels made.
 * @param np null: as the namespace has it
 * @kernel net/ipv6/ip6_output.c:221 (v5.10)
 */
export function ip6_autoflowlabel(net: net, np: ipv6_pinfo | null): boolean {
	if (np === null || np.autoflowlabel_set === 0) return ip6_default_np_autolabel(net) !== 0;
	return np.autoflowlabel !== 0;
}

/**
 * Puts an IPv6 header on a segment and sends it (TCP).
 * @param sk sender
 * @param skb data at the transport header, with a destination
 * @param opt extension headers, or null
 * @param tclass traffic class
 * @returns 0, NET_XMIT_* or a negative errno
 * @kernel net/ipv6/ip6_output.c:235 (v5.10)
 */
export function ip6_xmit(
	sk: sock,
	skb: sk_buff,
	fl6: flowi6,
	mark: number,
	opt: ipv6_txoptions | null,
	tclass: number,
	priority: number,
): number {
	const net = sk.sk_net;
	const np = inet6_sk(sk);
	const dst = skb._dst!;
	const first_hop = fl6.daddr;
	let proto = fl6.flowi6_proto;
	let seg_len = skb.len;
	let hlimit = -1;

	let head_room = IPV6HDR_LEN + LL_RESERVED_SPACE(dst.dev!);
	if (opt !== null) head_room += opt.opt_nflen + opt.opt_flen;

	if (skb_headroom(skb) < head_room) {
		const skb2 = skb_realloc_headroom(skb, head_room);
		if (skb.sk !== null) skb_set_owner_w(skb2, skb.sk);
		consume_skb(skb);
		skb = skb2;
	}

	if (opt !== null) {
		seg_len += opt.opt_nflen + opt.opt_flen;

		if (opt.opt_flen !== 0) proto = ipv6_push_frag_opts(skb, opt, proto);

		if (opt.opt_nflen !== 0) proto = ipv6_push_nfrag_opts(skb, opt, proto);
	}

	skb_push(skb, IPV6HDR_LEN);
	skb_reset_network_header(skb);

	if (np !== null) hlimit = np.hop_limit;
	if (hlimit < 0) hlimit = ip6_dst_hoplimit(dst);

	const flowlabel = ip6_make_flowlabel(
		net,
		skb,
		fl6.flowlabel,
		ip6_autoflowlabel(net, np),
		fl6,
	);
	put_ipv6_header(skb, tclass, flowlabel, seg_len, proto, hlimit, fl6.saddr, first_hop);

	skb.protocol = ETH_P_IPV6;
	skb.priority = priority;
	skb.mark = mark;

	const mtu = dst_mtu(dst);
	if (skb.len <= mtu || skb.ignore_df || skb_is_gso(skb)) {
		IP6_UPD_PO_STATS(
			net,
			ip6_dst_idev(skb._dst!),
			IPSTATS_MIB_OUTPKTS,
			IPSTATS_MIB_OUTOCTETS,
			skb.len,
		);

		const out = l3mdev_ip6_out(sk, skb);
		if (out === null) return 0;

		return NF_HOOK(
			NFPROTO_IPV6,
			NF_INET_LOCAL_OUT,
			net,
			sk,
			out,
			null,
			dst.dev,
			dst_output,
		);
	}

	skb.dev = dst.dev;
	ipv6_stub.of(net.machine).ipv6_local_error(sk, EMSGSIZE, fl6, mtu);

	IP6_INC_STATS(net, ip6_dst_idev(skb._dst!), IPSTATS_MIB_FRAGFAILS);
	kfree_skb(skb);
	return -EMSGSIZE;
}

/**
 * Writes the IPv6 header of a packet.
 * @param len payload bytes, more than IPV6_MAXPLEN wrap as in C
 * @kernel PORT: the assignments to struct ipv6hdr in ip6_xmit() and __ip6_make_skb()
 */
function put_ipv6_header(
	skb: sk_buff,
	tclass: number,
	flowlabel: number,
	len: number,
	proto: number,
	hlimit: number,
	saddr: in6_addr,
	daddr: in6_addr,
): void {
	const { head } = skb;
	const hdr = ipv6_hdr(skb);

	ip6_flow_hdr(head, hdr, tclass, flowlabel);
	put_unaligned_be16(len, head, hdr + IPV6HDR_payload_len);
	head[hdr + IPV6HDR_nexthdr] = proto;
	head[hdr + IPV6HDR_hop_limit] = hlimit;
	ipv6_addr_copy(head, saddr, hdr + IPV6HDR_saddr);
	ipv6_addr_copy(head, daddr, hdr + IPV6HDR_daddr);
}

/**
 * Sends a forwarded packet; okfn of FORWARD.
 * @returns what the destination's output answers
 * @kernel net/ipv6/ip6_output.c:423 (v5.10)
 */
function ip6_forward_finish(net: net, sk: sock | null, skb: sk_buff): number {
	const idev = ip6_dst_idev(skb._dst!);

	IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTFORWDATAGRAMS);
	IP6_ADD_STATS(net, idev, IPSTATS_MIB_OUTOCTETS, skb.len);

	skb.tstamp = 0;
	return dst_output(net, sk, skb);
}

/**
 * Tells whether a packet cannot be forwarded because of its size.
 * @kernel net/ipv6/ip6_output.c:442 (v5.10)
 */
function ip6_pkt_too_big(skb: sk_buff, mtu: number): boolean {
	if (skb.len <= mtu) return false;

	/* what connection tracking put together goes out in its pieces */
	const { frag_max_size } = IP6CB(skb);
	if (frag_max_size !== 0 && frag_max_size > mtu) return true;

	if (skb.ignore_df) return false;

	return !(skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu));
}

/**
 * Input of destinations that other hosts are: forwards.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/ip6_output.c:460 (v5.10)
 */
export function ip6_forward(skb: sk_buff): number {
	const idev = __in6_dev_get_safely(skb.dev);
	const net = skb._dst!.dev!.nd_net;
	const m = net.machine;
	const opt = IP6CB(skb);

	drop: {
		error: {
			if (net.ipv6.devconf_all!.forwarding === 0) break error;

			if (skb.pkt_type !== PACKET_HOST) break drop;

			if (skb.sk !== null) break drop;

			if (!xfrm6_policy_check(null, XFRM_POLICY_FWD, skb)) {
				IP6_INC_STATS(net, idev, IPSTATS_MIB_INDISCARDS);
				break drop;
			}

			/* skb_forward_csum() */
			if (skb.ip_summed === CHECKSUM_COMPLETE) skb.ip_summed = CHECKSUM_NONE;

			if (skb.head[ipv6_hdr(skb) + IPV6HDR_hop_limit] <= 1) {
				icmpv6_send(skb, ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT, 0);
				IP6_INC_STATS(net, idev, IPSTATS_MIB_INHDRERRORS);

				kfree_skb(skb);
				return -ETIMEDOUT;
			}

			if (!xfrm6_route_forward(skb)) {
				IP6_INC_STATS(net, idev, IPSTATS_MIB_INDISCARDS);
				break drop;
			}
			const dst = skb._dst!;
			const dev = dst.dev!;

			/* no redirects for source-routed and decapsulated packets */
			if (opt.iif === dev.ifindex && opt.srcrt === 0 && skb.sp === null) {
				const rt = dst as rt6_info;
				const at = ipv6_hdr(skb) + IPV6HDR_daddr;
				const daddr = skb.head.slice(at, at + 16);
				const target =
					(rt.rt6i_flags & RTF_GATEWAY) !== 0 ? rt.rt6i_gateway : daddr;

				const peer = inet_getpeer_v6(m, net.ipv6.peers!, daddr, true);

				/* limited by destination here, by source in ndisc_send_redirect() */
				if (inet_peer_xrlim_allow(m, peer, HZ)) ndisc_send_redirect(skb, target);
				if (peer !== null) inet_putpeer(m, peer);
			} else {
				const addrtype = ipv6_addr_type(skb.head, ipv6_hdr(skb) + IPV6HDR_saddr);

				if (
					addrtype === IPV6_ADDR_ANY ||
					(addrtype & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LOOPBACK)) !== 0
				)
					break error;
				if ((addrtype & IPV6_ADDR_LINKLOCAL) !== 0) {
					icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_NOT_NEIGHBOUR, 0);
					break error;
				}
			}

			let mtu = ip6_dst_mtu_forward(dst);
			if (mtu < IPV6_MIN_MTU) mtu = IPV6_MIN_MTU;

			if (ip6_pkt_too_big(skb, mtu)) {
				/* the answer comes from the address of the device the packet does not fit */
				skb.dev = dev;
				icmpv6_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
				IP6_INC_STATS(net, idev, IPSTATS_MIB_INTOOBIGERRORS);
				IP6_INC_STATS(net, ip6_dst_idev(dst), IPSTATS_MIB_FRAGFAILS);
				kfree_skb(skb);
				return -EMSGSIZE;
			}

			if (skb_cow(skb, dev.hard_header_len) !== 0) {
				IP6_INC_STATS(net, ip6_dst_idev(dst), IPSTATS_MIB_OUTDISCARDS);
				break drop;
			}

			skb.head[ipv6_hdr(skb) + IPV6HDR_hop_limit]--;

			return NF_HOOK(
				NFPROTO_IPV6,
				NF_INET_FORWARD,
				net,
				null,
				skb,
				skb.dev,
				dev,
				ip6_forward_finish,
			);
		}
		IP6_INC_STATS(net, idev, IPSTATS_MIB_INADDRERRORS);
	}
	kfree_skb(skb);
	return -EINVAL;
}

/**
 * Gives a fragment what belongs to the packet.
 * @kernel net/ipv6/ip6_output.c:617 (v5.10)
 */
function ip6_copy_metadata(to: sk_buff, from: sk_buff): void {
	to.pkt_type = from.pkt_type;
	to.priority = from.priority;
	to.protocol = from.protocol;
	skb_dst_drop(to);
	skb_dst_copy(to, from);
	to.dev = from.dev;
	to.mark = from.mark;
	to.hash = from.hash;
	to.l4_hash = from.l4_hash;
	nf_copy(to, from);
	skb_ext_reset(to);
	to.sp = from.sp;
	if (to.sp !== null) to.sp.refcnt++;
}

/** Where the walk over the fragment list of a packet stands. */
export class ip6_fraglist_iter {
	/** Headers that each fragment repeats. */
	tmp_hdr: Uint8Array;
	frag: sk_buff | null = null;
	offset = 0;
	hlen = 0;
	frag_id = 0;
	nexthdr = 0;

	/** @param hdr headers that each fragment repeats */
	constructor(hdr: Uint8Array) {
		this.tmp_hdr = hdr;
	}
}

/** Where the cutting of a packet into fragments stands. */
export class ip6_frag_state {
	/** Offset from the network header of the byte that names the fragment header. */
	prevhdr = 0;
	hlen = 0;
	/** Payload bytes a fragment. */
	mtu = 0;
	left = 0;
	offset = 0;
	ptr = 0;
	hroom = 0;
	troom = 0;
	frag_id = 0;
	nexthdr = 0;
}

/**
 * Writes a fragment header.
 * @param frag_off offset and more-fragments bit
 * @kernel PORT: the assignments to struct frag_hdr
 */
function put_frag_hdr(
	head: Uint8Array,
	fh: number,
	nexthdr: number,
	frag_off: number,
	frag_id: number,
): void {
	head[fh + FRAG_HDR_nexthdr] = nexthdr;
	head[fh + FRAG_HDR_reserved] = 0;
	put_unaligned_be16(frag_off, head, fh + FRAG_HDR_frag_off);
	put_unaligned_be32(frag_id, head, fh + FRAG_HDR_identification);
}

/**
 * Begins to send a packet piece by piece along its fragment list: makes its head the first fragment.
 * @param prevhdr offset in skb.head of the byte that names the fragment header
 * @returns the walk
 * @kernel net/ipv6/ip6_output.c:637 (v5.10)
 */
export function ip6_fraglist_init(
	skb: sk_buff,
	hlen: number,
	prevhdr: number,
	nexthdr: number,
	frag_id: number,
): ip6_fraglist_iter {
	skb.head[prevhdr] = NEXTHDR_FRAGMENT;
	const nh = ipv6_hdr(skb);
	const iter = new ip6_fraglist_iter(skb.head.slice(nh, nh + hlen));

	iter.frag = skb.shinfo.frag_list;
	skb.shinfo.frag_list = null;

	iter.hlen = hlen;
	iter.frag_id = frag_id;
	iter.nexthdr = nexthdr;

	__skb_pull(skb, hlen);
	const fh = __skb_push(skb, FRAG_HDR_LEN);
	__skb_push(skb, hlen);
	skb_reset_network_header(skb);
	skb.head.set(iter.tmp_hdr, skb.network_header);

	put_frag_hdr(skb.head, fh, nexthdr, IP6_MF, frag_id);

	const first_len = skb_pagelen(skb);
	skb.data_len = first_len - skb_headlen(skb);
	skb.len = first_len;
	put_unaligned_be16(first_len - IPV6HDR_LEN, skb.head, ipv6_hdr(skb) + IPV6HDR_payload_len);
	return iter;
}

/**
 * Puts headers on the next fragment of a list.
 * @param skb the fragment before
 * @kernel net/ipv6/ip6_output.c:678 (v5.10)
 */
export function ip6_fraglist_prepare(skb: sk_buff, iter: ip6_fraglist_iter): void {
	const frag = iter.frag!;
	const { hlen } = iter;

	frag.ip_summed = CHECKSUM_NONE;
	skb_reset_transport_header(frag);
	const fh = __skb_push(frag, FRAG_HDR_LEN);
	__skb_push(frag, hlen);
	skb_reset_network_header(frag);
	frag.head.set(iter.tmp_hdr, frag.network_header);
	iter.offset += skb.len - hlen - FRAG_HDR_LEN;
	put_frag_hdr(
		frag.head,
		fh,
		iter.nexthdr,
		iter.offset | (frag.next !== null ? IP6_MF : 0),
		iter.frag_id,
	);
	put_unaligned_be16(
		frag.len - IPV6HDR_LEN,
		frag.head,
		frag.network_header + IPV6HDR_payload_len,
	);
	ip6_copy_metadata(frag, skb);
}

/**
 * Takes the next fragment off a list.
 * @kernel include/net/ipv6.h:168 (v5.10)
 */
export function ip6_fraglist_next(iter: ip6_fraglist_iter): sk_buff {
	const skb = iter.frag!;
	iter.frag = skb.next;
	skb.next = null;
	return skb;
}

/**
 * Begins to cut a packet into fragments.
 * @param mtu payload bytes a fragment
 * @param prevhdr offset from the network header of the byte that names the fragment header
 * @kernel net/ipv6/ip6_output.c:703 (v5.10)
 */
export function ip6_frag_init(
	skb: sk_buff,
	hlen: number,
	mtu: number,
	needed_tailroom: number,
	hdr_room: number,
	prevhdr: number,
	nexthdr: number,
	frag_id: number,
	state: ip6_frag_state,
): void {
	state.prevhdr = prevhdr;
	state.nexthdr = nexthdr;
	state.frag_id = frag_id;
	state.hlen = hlen;
	state.mtu = mtu;
	state.left = skb.len - hlen;
	state.ptr = hlen;
	state.hroom = hdr_room;
	state.troom = needed_tailroom;
	state.offset = 0;
}

/**
 * Makes the next fragment by copying.
 * @kernel net/ipv6/ip6_output.c:724 (v5.10)
 */
export function ip6_frag_next(skb: sk_buff, state: ip6_frag_state): sk_buff | number {
	let len = state.left;
	if (len > state.mtu) len = state.mtu;
	/* all but the last start the next on 8 bytes */
	if (len < state.left) len &= ~7;

	const frag = alloc_skb(
		skb.machine,
		len + state.hlen + FRAG_HDR_LEN + state.hroom + state.troom,
	);

	ip6_copy_metadata(frag, skb);
	skb_reserve(frag, state.hroom);
	skb_put(frag, len + state.hlen + FRAG_HDR_LEN);
	skb_reset_network_header(frag);
	const { head } = frag;
	const nh = frag.network_header;
	const fh = nh + state.hlen;
	frag.transport_header = fh + FRAG_HDR_LEN;

	if (skb.sk !== null) skb_set_owner_w(frag, skb.sk);

	skb_copy_bits(skb, 0, head, nh, state.hlen);
	head[nh + state.prevhdr] = NEXTHDR_FRAGMENT;

	if (skb_copy_bits(skb, state.ptr, head, frag.transport_header, len) !== 0)
		skb.machine.record(
			'BUG',
			'ip6_frag_next',
			'the packet is shorter than it says',
			skb,
		);
	state.left -= len;

	put_frag_hdr(
		head,
		fh,
		state.nexthdr,
		state.offset | (state.left > 0 ? IP6_MF : 0),
		state.frag_id,
	);
	put_unaligned_be16(frag.len - IPV6HDR_LEN, head, nh + IPV6HDR_payload_len);

	state.ptr += len;
	state.offset += len;
	return frag;
}

/**
 * Tells whether the pieces of a fragment list fit as they are; gives them to the packet's socket then.
 * @param mtu payload bytes a fragment
 * @kernel PORT: the part of ip6_fragment() before its label slow_path_clean
 */
function ip6_fraglist_fits(skb: sk_buff, hlen: number, mtu: number, hroom: number): boolean {
	const first_len = skb_pagelen(skb);

	if (
		first_len - hlen > mtu ||
		((first_len - hlen) & 7) !== 0 ||
		skb_cloned(skb) ||
		skb_headroom(skb) < hroom + FRAG_HDR_LEN
	)
		return false;

	for (let frag = skb.shinfo.frag_list; frag !== null; frag = frag.next) {
		if (
			frag.len > mtu ||
			((frag.len & 7) !== 0 && frag.next !== null) ||
			skb_headroom(frag) < hlen + hroom + FRAG_HDR_LEN ||
			skb_shared(frag)
		) {
			for (
				let f2 = skb.shinfo.frag_list;
				f2 !== null && f2 !== frag;
				f2 = f2.next
			) {
				f2.sk = null;
				f2.destructor = null;
				skb.truesize += f2.truesize;
			}
			return false;
		}

		if (skb.sk !== null) {
			frag.sk = skb.sk;
			frag.destructor = sock_wfree;
		}
		skb.truesize -= frag.truesize;
	}
	return true;
}

/**
 * Cuts a packet into fragments and sends them.
 * @param output takes each fragment
 * @returns 0 or a negative errno; -EMSGSIZE when the packet must not be fragmented
 * @kernel net/ipv6/ip6_output.c:800 (v5.10)
 */
export function ip6_fragment(net: net, sk: sock | null, skb: sk_buff, output: okfn_t): number {
	const rt = skb._dst as rt6_info;
	const dev = rt.dev!;
	const np = skb.sk !== null ? inet6_sk(skb.sk) : null;
	const { tstamp } = skb;
	/* the packet, and the route with it, may be gone when it is counted */
	const idev = ip6_dst_idev(rt);
	let mtu = 0;
	let err = 0;

	fail: {
		err = ip6_find_1stfragopt(skb);
		if (err < 0) break fail;
		const hlen = err;
		const nexthdr_offset = ip6_find_1stfragopt_prevhdr(skb, hlen);
		const nexthdr = skb.head[ipv6_hdr(skb) + nexthdr_offset];

		fail_toobig: {
			mtu = ip6_skb_dst_mtu(skb);

			/* the socket wants path MTUs to be found out, or the packet is another host's */
			if (!skb.ignore_df && skb.len > mtu) break fail_toobig;

			const { frag_max_size } = IP6CB(skb);
			if (frag_max_size !== 0) {
				if (frag_max_size > mtu) break fail_toobig;

				/* no larger than they came in */
				mtu = frag_max_size;
				if (mtu < IPV6_MIN_MTU) mtu = IPV6_MIN_MTU;
			}

			if (np !== null && np.frag_size !== 0 && np.frag_size < mtu)
				mtu = np.frag_size;
			if (mtu < hlen + FRAG_HDR_LEN + 8) break fail_toobig;
			mtu -= hlen + FRAG_HDR_LEN;

			const frag_id = ipv6_select_ident(
				net,
				skb.head,
				skb.head,
				ipv6_hdr(skb) + IPV6HDR_daddr,
				ipv6_hdr(skb) + IPV6HDR_saddr,
			);

			if (skb.ip_summed === CHECKSUM_PARTIAL) {
				err = skb_checksum_help(skb);
				if (err !== 0) break fail;
			}

			const hroom = LL_RESERVED_SPACE(dev);
			if (
				skb.shinfo.frag_list !== null &&
				ip6_fraglist_fits(skb, hlen, mtu, hroom)
			) {
				const iter = ip6_fraglist_init(
					skb,
					hlen,
					ipv6_hdr(skb) + nexthdr_offset,
					nexthdr,
					frag_id,
				);

				for (;;) {
					/* made before the one at hand goes away */
					if (iter.frag !== null) ip6_fraglist_prepare(skb, iter);

					skb.tstamp = tstamp;
					err = output(net, sk, skb);
					if (err === 0) IP6_INC_STATS(net, idev, IPSTATS_MIB_FRAGCREATES);
					if (err !== 0 || iter.frag === null) break;

					skb = ip6_fraglist_next(iter);
				}

				if (err === 0) {
					IP6_INC_STATS(net, idev, IPSTATS_MIB_FRAGOKS);
					return 0;
				}

				kfree_skb_list(iter.frag);

				IP6_INC_STATS(net, idev, IPSTATS_MIB_FRAGFAILS);
				return err;
			}

			const state = new ip6_frag_state();
			ip6_frag_init(
				skb,
				hlen,
				mtu,
				dev.needed_tailroom,
				hroom,
				nexthdr_offset,
				nexthdr,
				frag_id,
				state,
			);

			while (state.left > 0) {
				const frag = ip6_frag_next(skb, state);
				if (IS_ERR(frag)) {
					err = frag;
					break fail;
				}

				frag.tstamp = tstamp;
				err = output(net, sk, frag);
				if (err !== 0) break fail;

				IP6_INC_STATS(net, idev, IPSTATS_MIB_FRAGCREATES);
			}
			IP6_INC_STATS(net, idev, IPSTATS_MIB_FRAGOKS);
			consume_skb(skb);
			return 0;
		}

		icmpv6_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
		err = -EMSGSIZE;
	}
	IP6_INC_STATS(net, idev, IPSTATS_MIB_FRAGFAILS);
	kfree_skb(skb);
	return err;
}

/**
 * Tells whether a cached route may be another destination's.
 * @kernel net/ipv6/ip6_output.c:983 (v5.10)
 */
function ip6_rt_check(rt_key: rt6key, fl_addr: in6_addr, addr_cache: in6_addr | null): boolean {
	return (
		(rt_key.plen !== 128 || !ipv6_addr_equal(fl_addr, rt_key.addr)) &&
		(addr_cache === null || !ipv6_addr_equal(fl_addr, addr_cache))
	);
}

/**
 * Tells whether a socket's cached route serves a flow.
 * @param dst its reference is dropped when it does not
 * @returns dst or null
 * @kernel net/ipv6/ip6_output.c:991 (v5.10)
 */
function ip6_sk_dst_check(sk: sock, dst: dst_entry | null, fl6: flowi6): dst_entry | null {
	const np = inet6_sk(sk)!;

	if (dst === null) return null;

	if (dst.ops.family !== AF_INET6) {
		dst_release(dst);
		return null;
	}

	const rt = dst as rt6_info;
	if (
		ip6_rt_check(rt.rt6i_dst, fl6.daddr, np.daddr_cache) ||
		((fl6.flowi6_flags & FLOWI_FLAG_SKIP_NH_OIF) === 0 &&
			fl6.flowi6_oif !== 0 &&
			fl6.flowi6_oif !== dst.dev!.ifindex)
	) {
		dst_release(dst);
		return null;
	}
	return dst;
}

/**
 * Finds the route of a flow and chooses its source address.
 * @returns referenced, or a negative errno
 * @kernel net/ipv6/ip6_output.c:1038 (v5.10)
 */
function ip6_dst_lookup_tail(net: net, sk: sock | null, fl6: flowi6): dst_entry | number {
	let dst: dst_entry | null = null;
	let flags = 0;
	let err: number;

	/* a route may prefer a source, so the route comes first */
	if (ipv6_addr_any(fl6.saddr)) {
		dst = ip6_route_output(net, sk, fl6);
		const from = dst.error !== 0 ? null : (dst as rt6_info).from;

		err = ip6_route_get_saddr(
			net,
			from,
			fl6.daddr,
			sk !== null ? (inet6_sk(sk)?.srcprefs ?? 0) : 0,
			fl6.saddr,
		);
		if (err !== 0) {
			dst_release(dst);
			if (err === -ENETUNREACH) IP6_INC_STATS(net, null, IPSTATS_MIB_OUTNOROUTES);
			return err;
		}

		/* the source that was chosen may find what :: did not */
		if (dst.error !== 0) {
			dst_release(dst);
			dst = null;
		}

		if (fl6.flowi6_oif !== 0) flags |= RT6_LOOKUP_F_IFACE;
	}

	if (dst === null) dst = ip6_route_output_flags(net, sk, fl6, flags);

	err = dst.error;
	if (
		err === 0 &&
		ipv6_addr_v4mapped(fl6.saddr) &&
		!(ipv6_addr_v4mapped(fl6.daddr) || ipv6_addr_any(fl6.daddr))
	)
		err = -EAFNOSUPPORT;
	if (err !== 0) {
		dst_release(dst);
		if (err === -ENETUNREACH) IP6_INC_STATS(net, null, IPSTATS_MIB_OUTNOROUTES);
		return err;
	}
	return dst;
}

/**
 * Finds the route of a flow and chooses its source address, without IPsec.
 * @returns referenced, or a negative errno
 * @kernel net/ipv6/ip6_output.c:1167 (v5.10)
 */
export function ip6_dst_lookup(net: net, sk: sock | null, fl6: flowi6): dst_entry | number {
	return ip6_dst_lookup_tail(net, sk, fl6);
}

/**
 * Finds the route of a flow, or the bundle that IPsec makes of it.
 * @param final_dst destination behind a routing header, or null
 * @returns referenced, or a negative errno
 * @kernel net/ipv6/ip6_output.c:1187 (v5.10)
 */
export function ip6_dst_lookup_flow(
	net: net,
	sk: sock | null,
	fl6: flowi6,
	final_dst: in6_addr | null,
): dst_entry | number {
	const dst = ip6_dst_lookup_tail(net, sk, fl6);
	if (IS_ERR(dst)) return dst;
	if (final_dst !== null) ipv6_addr_copy(fl6.daddr, final_dst);

	const { fn } = xfrm_lookup_ops.of(net.machine);
	return fn === null ? dst : fn.xfrm_lookup_route(net, dst, fl6, sk, 0);
}

/**
 * Finds the route of a flow, the socket's cached one when it serves.
 * @param connected cache what is found
 * @returns referenced, or a negative errno
 * @kernel net/ipv6/ip6_output.c:1221 (v5.10)
 */
export function ip6_sk_dst_lookup_flow(
	sk: sock,
	fl6: flowi6,
	final_dst: in6_addr | null,
	connected: boolean,
): dst_entry | number {
	const cached = ip6_sk_dst_check(sk, sk_dst_check(sk, inet6_sk(sk)!.dst_cookie), fl6);
	if (cached !== null) return cached;

	const dst = ip6_dst_lookup_flow(sk.sk_net, sk, fl6, final_dst);
	if (connected && !IS_ERR(dst)) {
		dst_hold(dst);
		ip6_sk_dst_store_flow(sk, dst, fl6);
	}
	return dst;
}

/**
 * Notes what the pieces of a datagram have in common.
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/ip6_output.c:1344 (v5.10)
 */
function ip6_setup_cork(
	sk: sock,
	cork: inet_cork_full,
	v6_cork: inet6_cork,
	ipc6: ipcm6_cookie,
	rt: rt6_info,
	fl6: flowi6,
): number {
	const np = inet6_sk(sk)!;
	const { opt } = ipc6;

	if (opt !== null) {
		if (v6_cork.opt !== null) {
			sk.machine.record(
				'WARN',
				'ip6_setup_cork',
				'options left of another datagram',
			);
			return -EINVAL;
		}
		const o = new ipv6_txoptions();
		o.tot_len = opt.tot_len;
		o.opt_flen = opt.opt_flen;
		o.opt_nflen = opt.opt_nflen;
		o.dst0opt = opt.dst0opt?.slice() ?? null;
		o.dst1opt = opt.dst1opt?.slice() ?? null;
		o.hopopt = opt.hopopt?.slice() ?? null;
		o.srcrt = opt.srcrt?.slice() ?? null;
		v6_cork.opt = o;
	}
	dst_hold(rt);
	cork.base.dst = rt;
	cork.fl6 ??= new flowi6();
	cork.fl6.copy(fl6);
	v6_cork.hop_limit = ipc6.hlimit;
	v6_cork.tclass = ipc6.tclass;
	const path = xfrm_dst_path(rt);
	let mtu =
		np.pmtudisc >= IPV6_PMTUDISC_PROBE
			? rt.dev!.mtu
			: dst_mtu((rt.flags & DST_XFRM_TUNNEL) !== 0 ? rt : path);
	if (np.frag_size !== 0 && np.frag_size < mtu) mtu = np.frag_size;
	if (mtu < IPV6_MIN_MTU) return -EINVAL;
	cork.base.fragsize = mtu;
	cork.base.gso_size = ipc6.gso_size;
	cork.base.tx_flags = 0;
	cork.base.mark = ipc6.sockc_mark;

	if (dst_allfrag(path)) cork.base.flags |= IPCORK_ALLFRAG;
	cork.base.length = 0;
	cork.base.transmit_time = 0;
	return 0;
}

/**
 * Appends data to a queue of packets that will be one datagram: each packet is filled to the MTU, so that
 * the fragments are ready.
 * @param length bytes, transport and extension headers included
 * @param transhdrlen bytes of those headers, 0 when they are there already
 * @returns 0 or a negative errno
 * @kernel net/ipv6/ip6_output.c:1421 (v5.10)
 */
function __ip6_append_data<T>(
	sk: sock,
	fl6: flowi6,
	queue: sk_buff_head,
	cork: inet_cork,
	v6_cork: inet6_cork,
	pfrag: page_frag,
	getfrag: getfrag_t<T>,
	from: T,
	length: number,
	transhdrlen: number,
	flags: number,
	ipc6: ipcm6_cookie,
): number {
	const rt = cork.dst as rt6_info;
	const dev = rt.dev!;
	const { opt } = v6_cork;
	const stub = ipv6_stub.of(sk.machine);
	const allfrag = (cork.flags & IPCORK_ALLFRAG) !== 0;
	let skb = skb_peek_tail(queue);
	let skb_prev: sk_buff | null = null;
	let exthdrlen = 0;
	let dst_exthdrlen = 0;
	let offset = 0;
	let err = 0;
	let csummode = CHECKSUM_NONE;
	let wmem_alloc_delta = 0;

	if (skb === null) {
		exthdrlen = opt !== null ? opt.opt_flen : 0;
		dst_exthdrlen = rt.header_len - rt.rt6i_nfheader_len;
	}

	let mtu = cork.fragsize;
	const orig_mtu = mtu;

	const hh_len = LL_RESERVED_SPACE(dev);

	const fragheaderlen =
		IPV6HDR_LEN + rt.rt6i_nfheader_len + (opt !== null ? opt.opt_nflen : 0);
	let maxfraglen = ((mtu - fragheaderlen) & ~7) + fragheaderlen - FRAG_HDR_LEN;

	const headersize =
		IPV6HDR_LEN +
		(opt !== null ? opt.opt_flen + opt.opt_nflen : 0) +
		(dst_allfrag(rt) ? FRAG_HDR_LEN : 0) +
		rt.rt6i_nfheader_len;

	emsgsize: {
		/* the first fragment must hold all headers */
		if (headersize + transhdrlen > mtu) break emsgsize;

		if (
			cork.length + length > mtu - headersize &&
			ipc6.dontfrag !== 0 &&
			(sk.sk_protocol === IPPROTO_UDP || sk.sk_protocol === IPPROTO_RAW)
		) {
			stub.ipv6_local_rxpmtu(sk, fl6, mtu - headersize + IPV6HDR_LEN);
			break emsgsize;
		}

		const maxnonfragsize = ip6_sk_ignore_df(sk) ? IPV6HDR_LEN + IPV6_MAXPLEN : mtu;
		if (cork.length + length > maxnonfragsize - headersize) break emsgsize;

		/* a device can complete the checksum of what is neither extended nor cut */
		if (
			transhdrlen !== 0 &&
			sk.sk_protocol === IPPROTO_UDP &&
			headersize === IPV6HDR_LEN &&
			length <= mtu - headersize &&
			(flags & MSG_MORE) === 0 &&
			(dev.features & (NETIF_F_IPV6_CSUM | NETIF_F_HW_CSUM)) !== 0
		)
			csummode = CHECKSUM_PARTIAL;

		cork.length += length;
		let alloc_new_skb = skb === null;

		error: {
			while (alloc_new_skb || length > 0) {
				let copy = 0;
				if (skb !== null && !alloc_new_skb) {
					copy =
						(cork.length <= mtu && !allfrag
							? mtu
							: maxfraglen) - skb.len;
					if (copy < length) copy = maxfraglen - skb.len;
				}

				if (skb === null || copy <= 0) {
					alloc_new_skb = false;
					const fraggap = skb !== null ? skb.len - maxfraglen : 0;

					/* PORT: ip6_append_data_mtu() */
					if (
						(skb === null || skb_prev === null) &&
						(rt.flags & DST_XFRM_TUNNEL) === 0
					) {
						mtu =
							skb === null
								? orig_mtu - rt.header_len
								: orig_mtu;
						maxfraglen =
							((mtu - fragheaderlen) & ~7) +
							fragheaderlen -
							FRAG_HDR_LEN;
					}

					skb_prev = skb;

					let datalen = length + fraggap;
					if (
						datalen >
						(cork.length <= mtu && !allfrag
							? mtu
							: maxfraglen) -
							fragheaderlen
					)
						datalen =
							maxfraglen - fragheaderlen - rt.trailer_len;
					let fraglen = datalen + fragheaderlen;

					let alloclen =
						(flags & MSG_MORE) !== 0 &&
						(dev.features & NETIF_F_SG) === 0
							? mtu
							: fraglen;
					alloclen += dst_exthdrlen;

					/* only the last fragment has a trailer */
					if (datalen !== length + fraggap) datalen += rt.trailer_len;

					alloclen += rt.trailer_len;
					fraglen = datalen + fragheaderlen;

					alloclen += FRAG_HDR_LEN;

					copy = datalen - transhdrlen - fraggap;
					if (copy < 0) {
						err = -EINVAL;
						break error;
					}
					if (transhdrlen !== 0) {
						const ec: errcode = { err: 0 };
						skb = sock_alloc_send_skb(
							sk,
							alloclen + hh_len,
							ec,
						);
						({ err } = ec);
					} else {
						skb = null;
						if (
							sk.sk_wmem_alloc + wmem_alloc_delta <=
							2 * sk.sk_sndbuf
						)
							skb = alloc_skb(
								sk.machine,
								alloclen + hh_len,
							);
						else err = -ENOBUFS;
					}
					if (skb === null) break error;

					skb.protocol = ETH_P_IPV6;
					skb.ip_summed = csummode;
					skb.csum = 0;
					/* room for a fragment header and for IPsec */
					skb_reserve(skb, hh_len + FRAG_HDR_LEN + dst_exthdrlen);

					let data = skb_put(skb, fraglen);
					skb_set_network_header(skb, exthdrlen);
					data += fragheaderlen;
					skb.transport_header = skb.network_header + fragheaderlen;
					if (fraggap !== 0 && skb_prev !== null) {
						skb.csum = skb_copy_and_csum_bits(
							skb_prev,
							maxfraglen,
							skb.head,
							data + transhdrlen,
							fraggap,
						);
						skb_prev.csum = csum_sub(skb_prev.csum, skb.csum);
						data += fraggap;
						pskb_trim(skb_prev, maxfraglen);
					}
					if (
						copy > 0 &&
						getfrag(
							from,
							skb.head,
							data + transhdrlen,
							offset,
							copy,
							fraggap,
							skb,
						) < 0
					) {
						err = -EFAULT;
						kfree_skb(skb);
						break error;
					}

					offset += copy;
					length -= copy + transhdrlen;
					transhdrlen = 0;
					exthdrlen = 0;
					dst_exthdrlen = 0;

					if ((flags & MSG_CONFIRM) !== 0 && skb_prev === null)
						skb.dst_pending_confirm = true;

					if (skb.destructor === null) {
						skb.destructor = sock_wfree;
						skb.sk = sk;
						wmem_alloc_delta += skb.truesize;
					}
					__skb_queue_tail(queue, skb);
					continue;
				}

				if (copy > length) copy = length;

				if (
					(dev.features & NETIF_F_SG) === 0 &&
					skb_tailroom(skb) >= copy
				) {
					const off = skb.len;
					const at = skb_put(skb, copy);
					if (
						getfrag(
							from,
							skb.head,
							at,
							offset,
							copy,
							off,
							skb,
						) < 0
					) {
						__skb_trim(skb, off);
						err = -EFAULT;
						break error;
					}
				} else {
					const si = skb.shinfo;
					let i = si.nr_frags;

					sk_page_frag_refill(sk, pfrag);
					const page = pfrag.page!;
					if (!skb_can_coalesce(skb, i, page, pfrag.offset)) {
						if (i === MAX_SKB_FRAGS) {
							err = -EMSGSIZE;
							break error;
						}
						skb_fill_page_desc(skb, i, page, pfrag.offset, 0);
						si.nr_frags = ++i;
						get_page(page);
					}
					copy = Math.min(copy, pfrag.size - pfrag.offset);
					if (
						getfrag(
							from,
							page.data,
							pfrag.offset,
							offset,
							copy,
							skb.len,
							skb,
						) < 0
					) {
						err = -EFAULT;
						break error;
					}
					pfrag.offset += copy;
					si.frags[i - 1].bv_len += copy;
					skb.len += copy;
					skb.data_len += copy;
					skb.truesize += copy;
					wmem_alloc_delta += copy;
				}
				offset += copy;
				length -= copy;
			}

			sk.sk_wmem_alloc += wmem_alloc_delta;
			return 0;
		}
		cork.length -= length;
		IP6_INC_STATS(sk.sk_net, rt.rt6i_idev, IPSTATS_MIB_OUTDISCARDS);
		sk.sk_wmem_alloc += wmem_alloc_delta;
		return err;
	}

	const pmtu = Math.max(mtu - headersize + IPV6HDR_LEN, 0);
	stub.ipv6_local_error(sk, EMSGSIZE, fl6, pmtu);
	return -EMSGSIZE;
}

/**
 * Appends data to the datagram a socket puts together, or begins one.
 * @param length bytes, transport header included
 * @param transhdrlen bytes of transport header
 * @param rt stays the caller's; a reference is taken when a datagram is begun
 * @param flags MSG_*
 * @returns 0 or a negative errno
 * @kernel net/ipv6/ip6_output.c:1765 (v5.10)
 */
export function ip6_append_data<T>(
	sk: sock,
	getfrag: getfrag_t<T>,
	from: T,
	length: number,
	transhdrlen: number,
	ipc6: ipcm6_cookie,
	fl6: flowi6,
	rt: rt6_info,
	flags: number,
): number {
	const inet = inet_sk(sk);
	const np = inet6_sk(sk)!;

	if ((flags & MSG_PROBE) !== 0) return 0;
	if (skb_queue_empty(sk.sk_write_queue)) {
		const err = ip6_setup_cork(sk, inet.cork, np.cork, ipc6, rt, fl6);
		if (err !== 0) return err;

		const exthdrlen = ipc6.opt !== null ? ipc6.opt.opt_flen : 0;
		length += exthdrlen;
		transhdrlen += exthdrlen;
	} else {
		fl6 = inet.cork.fl6!;
		transhdrlen = 0;
	}

	return __ip6_append_data(
		sk,
		fl6,
		sk.sk_write_queue,
		inet.cork.base,
		np.cork,
		sk_page_frag(sk),
		getfrag,
		from,
		length,
		transhdrlen,
		flags,
		ipc6,
	);
}

/**
 * Forgets what the pieces of a datagram had in common.
 * @kernel net/ipv6/ip6_output.c:1802 (v5.10)
 */
function ip6_cork_release(cork: inet_cork_full, v6_cork: inet6_cork): void {
	v6_cork.opt = null;

	if (cork.base.dst !== null) {
		dst_release(cork.base.dst);
		cork.base.dst = null;
		cork.base.flags &= ~IPCORK_ALLFRAG;
	}
	if (cork.fl6 !== null) cork.fl6.clear();
}

/**
 * Makes one packet of a queue.
 * @returns null when the queue is empty
 * @kernel net/ipv6/ip6_output.c:1822 (v5.10)
 */
export function __ip6_make_skb(
	sk: sock,
	queue: sk_buff_head,
	cork: inet_cork_full,
	v6_cork: inet6_cork,
): sk_buff | null {
	const np = inet6_sk(sk);
	const net = sk.sk_net;
	const { opt } = v6_cork;
	const rt = cork.base.dst as rt6_info;
	const fl6 = cork.fl6!;

	const skb = __skb_dequeue(queue);
	if (skb === null) return null;
	let tail: sk_buff | null = null;

	/* from the extension headers to the IPv6 header */
	if (skb.data < skb.network_header) __skb_pull(skb, skb_network_offset(skb));
	for (let tmp = __skb_dequeue(queue); tmp !== null; tmp = __skb_dequeue(queue)) {
		__skb_pull(tmp, skb_network_header_len(skb));
		if (tail === null) skb.shinfo.frag_list = tmp;
		else tail.next = tmp;
		tail = tmp;
		skb.len += tmp.len;
		skb.data_len += tmp.len;
		skb.truesize += tmp.truesize;
		tmp.destructor = null;
		tmp.sk = null;
	}

	skb.ignore_df = ip6_sk_ignore_df(sk);

	let proto = fl6.flowi6_proto;
	const final_dst = fl6.daddr;
	__skb_pull(skb, skb_network_header_len(skb));
	if (opt !== null) {
		if (opt.opt_flen !== 0) proto = ipv6_push_frag_opts(skb, opt, proto);
		if (opt.opt_nflen !== 0) proto = ipv6_push_nfrag_opts(skb, opt, proto);
	}

	skb_push(skb, IPV6HDR_LEN);
	skb_reset_network_header(skb);

	const flowlabel = ip6_make_flowlabel(
		net,
		skb,
		fl6.flowlabel,
		ip6_autoflowlabel(net, np),
		fl6,
	);
	put_ipv6_header(
		skb,
		v6_cork.tclass,
		flowlabel,
		0,
		proto,
		v6_cork.hop_limit,
		fl6.saddr,
		final_dst,
	);

	skb.priority = sk.sk_priority;
	skb.mark = cork.base.mark;

	skb.tstamp = cork.base.transmit_time;

	dst_hold(rt);
	skb_dst_set(skb, rt);
	IP6_UPD_PO_STATS(
		net,
		rt.rt6i_idev,
		IPSTATS_MIB_OUTPKTS,
		IPSTATS_MIB_OUTOCTETS,
		skb.len,
	);
	if (proto === IPPROTO_ICMPV6) {
		const idev = ip6_dst_idev(rt);

		ICMP6MSGOUT_INC_STATS(net, idev, skb.head[icmp6_hdr(skb) + ICMP6HDR_type]);
		ICMP6_INC_STATS(net, idev, ICMP6_MIB_OUTMSGS);
	}

	ip6_cork_release(cork, v6_cork);
	return skb;
}

/**
 * Makes an errno of what a device answered.
 * @param e NET_XMIT_*, positive
 * @kernel PORT: include/linux/netdevice.h net_xmit_errno
 */
function net_xmit_errno(e: number): number {
	return e !== NET_XMIT_CN ? -ENOBUFS : 0;
}

/**
 * Sends a datagram that is complete.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/ip6_output.c:1898 (v5.10)
 */
export function ip6_send_skb(skb: sk_buff): number {
	const sk = skb.sk!;
	const net = sk.sk_net;
	/* the packet, and the route with it, may be gone when it is counted */
	const idev = ip6_dst_idev(skb._dst!);

	let err = ip6_local_out(net, sk, skb);
	if (err > 0) err = net_xmit_errno(err);
	if (err !== 0) IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTDISCARDS);
	return err;
}

/**
 * Makes one packet of what a socket put together.
 * @returns null when there is nothing
 * @kernel PORT: inline of include/net/ipv6.h:1011, include/ does not import net/
 */
export function ip6_finish_skb(sk: sock): sk_buff | null {
	return __ip6_make_skb(sk, sk.sk_write_queue, inet_sk(sk).cork, inet6_sk(sk)!.cork);
}

/**
 * Sends what a socket put together.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/ip6_output.c:1916 (v5.10)
 */
export function ip6_push_pending_frames(sk: sock): number {
	const skb = ip6_finish_skb(sk);
	if (skb === null) return 0;

	return ip6_send_skb(skb);
}

/**
 * Drops a queue of pieces.
 * @kernel net/ipv6/ip6_output.c:1928 (v5.10)
 */
function __ip6_flush_pending_frames(
	sk: sock,
	queue: sk_buff_head,
	cork: inet_cork_full,
	v6_cork: inet6_cork,
): void {
	for (let skb = __skb_dequeue_tail(queue); skb !== null; skb = __skb_dequeue_tail(queue)) {
		if (skb._dst !== null)
			IP6_INC_STATS(sk.sk_net, ip6_dst_idev(skb._dst), IPSTATS_MIB_OUTDISCARDS);
		kfree_skb(skb);
	}

	ip6_cork_release(cork, v6_cork);
}

/**
 * Drops what a socket put together.
 * @kernel net/ipv6/ip6_output.c:1945 (v5.10)
 */
export function ip6_flush_pending_frames(sk: sock): void {
	__ip6_flush_pending_frames(sk, sk.sk_write_queue, inet_sk(sk).cork, inet6_sk(sk)!.cork);
}

/**
 * Makes a whole datagram at once.
 * @param cork scratch of the caller
 * @returns the packet, null with MSG_PROBE, or a negative errno
 * @kernel net/ipv6/ip6_output.c:1952 (v5.10)
 */
export function ip6_make_skb<T>(
	sk: sock,
	getfrag: getfrag_t<T>,
	from: T,
	length: number,
	transhdrlen: number,
	ipc6: ipcm6_cookie,
	fl6: flowi6,
	rt: rt6_info,
	flags: number,
	cork: inet_cork_full,
): sk_buff | null | number {
	const v6_cork = new inet6_cork();
	const queue = new sk_buff_head();
	const exthdrlen = ipc6.opt !== null ? ipc6.opt.opt_flen : 0;

	if ((flags & MSG_PROBE) !== 0) return null;

	cork.base.flags = 0;
	cork.base.addr = 0 as __be32;
	cork.base.opt = null;
	cork.base.dst = null;
	let err = ip6_setup_cork(sk, cork, v6_cork, ipc6, rt, fl6);
	if (err !== 0) {
		ip6_cork_release(cork, v6_cork);
		return err;
	}
	if (ipc6.dontfrag < 0) ipc6.dontfrag = inet6_sk(sk)!.dontfrag;

	err = __ip6_append_data(
		sk,
		fl6,
		queue,
		cork.base,
		v6_cork,
		sk_page_frag(sk),
		getfrag,
		from,
		length + exthdrlen,
		transhdrlen + exthdrlen,
		flags,
		ipc6,
	);
	if (err !== 0) {
		__ip6_flush_pending_frames(sk, queue, cork, v6_cork);
		return err;
	}

	return __ip6_make_skb(sk, queue, cork, v6_cork);
}

/**
 * Makes this file's functions known to those that may not import it.
 * @kernel PORT: in C route.c calls them directly; inet6_init() fills ipv6_stub
 */
export function ip6_output_init(m: Machine): void {
	const stub = ipv6_stub.of(m);
	stub.ip6_output = ip6_output;
	stub.ip6_forward = ip6_forward;
	stub.ipv6_fragment = ip6_fragment;
	stub.ipv6_dst_lookup_flow = ip6_dst_lookup_flow;
}
