// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/ip_output.c, base v5.10: sending IPv4 packets: building them, cutting them to fit, putting
 * together what a socket sends in pieces.
 *
 * PORT: `struct iphdr *` is a buffer and an offset. A route that a function takes over is passed in an
 * object whose field is then null, as C does by a pointer to the pointer. Requests to copy user data
 * (`getfrag`) get the destination as buffer and offset.
 * Not ported: cgroup BPF, lightweight tunnels, zero copy, transmit time stamps, sendpage, UDP GSO, multicast
 * routing.
 */
import {
	get_unaligned_be16,
	get_unaligned_be32,
	put_unaligned_be16,
	put_unaligned_be32,
} from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { jhash_3words } from '../../include/linux/jhash.ts';
import { machine_var, prandom_u32_max, type Machine } from '../../include/linux/machine.ts';
import {
	NETIF_F_GSO_MASK,
	NETIF_F_HW_CSUM,
	NETIF_F_IP_CSUM,
	NETIF_F_SG,
} from '../../include/linux/netdev_features.ts';
import { get_page } from '../../include/linux/mm.ts';
import { LL_RESERVED_SPACE, NET_XMIT_CN } from '../../include/linux/netdevice.ts';
import {
	__skb_dequeue,
	__skb_dequeue_tail,
	__skb_queue_tail,
	CHECKSUM_NONE,
	CHECKSUM_PARTIAL,
	MAX_SKB_FRAGS,
	skb_cloned,
	skb_headlen,
	skb_headroom,
	skb_is_gso,
	skb_network_header_len,
	skb_network_offset,
	skb_peek,
	skb_peek_tail,
	skb_reserve,
	skb_reset_network_header,
	skb_reset_transport_header,
	skb_set_network_header,
	skb_shared,
	skb_tailroom,
	sk_buff_head,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import {
	AF_INET6,
	copy_from_iter_full,
	MSG_CONFIRM,
	MSG_DONTWAIT,
	MSG_MORE,
	MSG_PROBE,
	type msghdr,
} from '../../include/linux/socket.ts';
import type { __be16, __be32 } from '../../include/linux/types.ts';
import {
	csum_add,
	csum_block_add,
	csum_fold,
	csum_partial,
	csum_sub,
	ip_fast_csum,
} from '../../include/net/checksum.ts';
import {
	dst_mtu,
	dst_output,
	dst_release,
	skb_dst_set,
	skb_dst_set_noref,
} from '../../include/net/dst.ts';
import { flowi4, flowi4_init_output } from '../../include/net/flow.ts';
import { icmp_out_count, icmp_send } from '../../include/net/icmp.ts';
import type { inet_cork } from '../../include/net/inet_sock.ts';
import {
	inet_sk,
	IPCORK_OPT,
	ip_options,
	ip_options_rcu,
	type inet_sock,
} from '../../include/net/inet_sock.ts';
import {
	inetdev_valid_mtu,
	IP4_REPLY_MARK,
	IP_DF,
	ip_dont_fragment,
	ip_frag_state,
	ip_fraglist_iter,
	ip_is_fragment,
	IP_MF,
	IP_OFFSET,
	ip_reply_arg_flowi_flags,
	ip_sk_ignore_df,
	ip_sk_use_pmtu,
	ip_skb_dst_mtu,
	IPCB,
	ipcm_cookie,
	ipcm_init,
	IPSKB_FORWARDED,
	IPSKB_FRAG_COMPLETE,
	IPSKB_FRAG_PMTU,
	IPSKB_REROUTED,
	RT_CONN_FLAGS_TOS,
	type ip_reply_arg,
} from '../../include/net/ip.ts';
import { ipv4_stub } from '../../include/net/ipv4_stubs.ts';
import { l3mdev_ip_out, netif_index_is_l3_master } from '../../include/net/l3mdev.ts';
import type { net } from '../../include/net/net_namespace.ts';
import {
	IP_MAX_MTU,
	RT_TOS,
	RTCF_BROADCAST,
	RTCF_LOCAL,
	RTCF_MULTICAST,
	type rtable,
} from '../../include/net/route.ts';
import { IP_INC_STATS, IP_UPD_PO_STATS } from '../../include/net/snmp.ts';
import {
	sock_net,
	sysctl_wmem_default,
	type page_frag,
	type sock,
} from '../../include/net/sock.ts';
import {
	EFAULT,
	EHOSTUNREACH,
	EINVAL,
	EMSGSIZE,
	ENETUNREACH,
	ENOBUFS,
	ENOMEM,
} from '../../include/uapi/linux/errno.ts';
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, ICMPHDR_type } from '../../include/uapi/linux/icmp.ts';
import { ETH_P_IP } from '../../include/uapi/linux/if_ether.ts';
import { IP_PMTUDISC_DO, IP_PMTUDISC_PROBE, IPPROTO_ICMP } from '../../include/uapi/linux/in.ts';
import {
	IPHDR_check,
	IPHDR_daddr,
	IPHDR_frag_off,
	IPHDR_id,
	IPHDR_LEN,
	IPHDR_protocol,
	IPHDR_saddr,
	IPHDR_tos,
	IPHDR_tot_len,
	IPHDR_ttl,
} from '../../include/uapi/linux/ip.ts';
import {
	NF_INET_LOCAL_OUT,
	NF_INET_POST_ROUTING,
	NFPROTO_IPV4,
} from '../../include/uapi/linux/netfilter.ts';
import { RT_SCOPE_UNIVERSE, RTN_BROADCAST, RTN_MULTICAST } from '../../include/uapi/linux/rtnetlink.ts';
import {
	IPSTATS_MIB_FRAGCREATES,
	IPSTATS_MIB_FRAGFAILS,
	IPSTATS_MIB_FRAGOKS,
	IPSTATS_MIB_OUTBCASTOCTETS,
	IPSTATS_MIB_OUTBCASTPKTS,
	IPSTATS_MIB_OUTDISCARDS,
	IPSTATS_MIB_OUTMCASTOCTETS,
	IPSTATS_MIB_OUTMCASTPKTS,
	IPSTATS_MIB_OUTNOROUTES,
	IPSTATS_MIB_OUTOCTETS,
	IPSTATS_MIB_OUTPKTS,
} from '../../include/uapi/linux/snmp.ts';
import { NF_HOOK, NF_HOOK_COND, nf_hook } from '../netfilter/core.ts';
import {
	dev_loopback_xmit,
	netif_skb_features,
	skb_checksum_help,
	skb_gso_segment,
} from '../core/dev.ts';
import { neigh_output } from '../core/neighbour.ts';
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
	skb_dst_copy,
	skb_dst_drop,
	skb_ext_reset,
	skb_fill_page_desc,
	skb_push,
	skb_put,
	skb_realloc_headroom,
	skb_gso_validate_network_len,
} from '../core/skbuff.ts';
import {
	__sk_dst_check,
	sk_mc_loop,
	sk_page_frag,
	sk_page_frag_refill,
	sk_setup_caps,
	skb_set_owner_w,
	sock_alloc_send_skb,
	sock_confirm_neigh,
	sock_wfree,
	type errcode,
} from '../core/sock.ts';
import {
	__ip_options_compile,
	__ip_options_echo,
	ip_options_build,
	ip_options_fragment,
} from './ip_options.ts';
import { ip_local_error } from './ip_sockglue.ts';
import {
	ip4_dst_hoplimit,
	ip_neigh_for_gw,
	ip_route_output_key,
	ip_route_output_ports,
	ip_rt_init,
	ip_rt_put,
	rt_dst_clone,
} from './route.ts';

/** Takes a packet that is ready to leave. */
type output_fn = (net: net, sk: sock | null, skb: sk_buff) => number;

/**
 * Copies `len` bytes of what is sent, from `offset` on, to `to` at `to_off`, and sums them into skb.csum.
 * Returns 0 or a negative errno.
 */
export type getfrag_t<T> = (
	from: T,
	to: Uint8Array,
	to_off: number,
	offset: number,
	len: number,
	odd: number,
	skb: sk_buff,
) => number;

/** A route that a function may take over: it is null then. */
export class rtable_ref {
	rt: rtable | null = null;
}

/* IP ids: IP_IDENTS_SZ buckets of net/ipv4/route.c */
const IP_IDENTS_SZ = 2048;

/** Counters and times of last use of the buckets. */
const ip_idents = machine_var((m) => {
	const ids = new Uint32Array(IP_IDENTS_SZ);
	for (let i = 0; i < IP_IDENTS_SZ; i++) ids[i] = m.random_u32();
	return { ids, tstamps: new Float64Array(IP_IDENTS_SZ) };
});

/**
 * Reserves a run of ids of a bucket, after a random step that grows with the time since its last use.
 * @param hash chooses the bucket
 * @param segs how many
 * @returns the first
 * @kernel PORT: net/ipv4/route.c ip_idents_reserve, above its users here
 */
export function ip_idents_reserve(m: Machine, hash: number, segs: number): number {
	const t = ip_idents.of(m);
	const i = hash % IP_IDENTS_SZ;
	const old = t.tstamps[i];
	const now = m.jiffies;
	let delta = 0;
	if (old !== now) {
		t.tstamps[i] = now;
		delta = prandom_u32_max(m, now - old);
	}
	const id = t.ids[i] + delta;
	t.ids[i] = id + segs;
	return id >>> 0;
}

/**
 * Gives a packet that may be fragmented an id.
 * PORT: the keyed hash is jhash, twice with the halves of the key, in place of siphash.
 * @param head buffer
 * @param iph offset of the IP header
 * @param segs ids to reserve
 * @kernel PORT: net/ipv4/route.c __ip_select_ident, above its users here
 */
export function __ip_select_ident(net: net, head: Uint8Array, iph: number, segs: number): void {
	const key = net.ipv4.ip_id_key;
	if (key[0] === 0 && key[1] === 0 && key[2] === 0 && key[3] === 0)
		for (let i = 0; i < 4; i++) key[i] = net.machine.random_u32();
	const daddr = get_unaligned_be32(head, iph + IPHDR_daddr);
	const saddr = get_unaligned_be32(head, iph + IPHDR_saddr);
	const hash = jhash_3words(
		daddr ^ key[1],
		saddr ^ key[2],
		head[iph + IPHDR_protocol] ^ key[3],
		key[0],
	);
	put_unaligned_be16(ip_idents_reserve(net.machine, hash, segs), head, iph + IPHDR_id);
}

/**
 * Gives a packet its id: a socket's own count, 0 when it cannot be fragmented, else from the buckets.
 * @param segs ids to reserve
 * @kernel include/net/ip.h:500 (v5.10)
 */
export function ip_select_ident_segs(net: net, skb: sk_buff, sk: sock | null, segs: number): void {
	const head = skb.head;
	const iph = skb.network_header;
	if ((get_unaligned_be16(head, iph + IPHDR_frag_off) & IP_DF) !== 0 && !skb.ignore_df) {
		if (sk !== null && inet_sk(sk).inet_daddr !== 0) {
			const inet = inet_sk(sk);
			put_unaligned_be16(inet.inet_id, head, iph + IPHDR_id);
			inet.inet_id = (inet.inet_id + segs) & 0xffff;
		} else {
			put_unaligned_be16(0, head, iph + IPHDR_id);
		}
	} else {
		__ip_select_ident(net, head, iph, segs);
	}
}

/**
 * Gives a packet its id.
 * @kernel include/net/ip.h:522 (v5.10)
 */
export function ip_select_ident(net: net, skb: sk_buff, sk: sock | null): void {
	ip_select_ident_segs(net, skb, sk, 1);
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
 * Sums an IP header into its checksum field.
 * @param view of the buffer
 * @param iph offset of the IP header
 * @kernel net/ipv4/ip_output.c:92 (v5.10)
 */
export function ip_send_check(view: DataView, iph: number): void {
	view.setUint16(iph + IPHDR_check, 0);
	const check = ip_fast_csum(view, iph, view.getUint8(iph) & 0xf);
	view.setUint16(iph + IPHDR_check, check);
}

/**
 * Finishes the header of a packet of this host and runs it through the output hooks.
 * @returns 1 when the caller shall go on with dst_output(), else the packet is gone
 * @kernel net/ipv4/ip_output.c:99 (v5.10)
 */
export function __ip_local_out(net: net, sk: sock | null, skb: sk_buff): number {
	const iph = skb.network_header;
	put_unaligned_be16(skb.len, skb.head, iph + IPHDR_tot_len);
	ip_send_check(skb.view, iph);
	const skb1 = l3mdev_ip_out(sk, skb);
	if (skb1 === null) return 0;
	skb1.protocol = ETH_P_IP;
	return nf_hook(
		NFPROTO_IPV4,
		NF_INET_LOCAL_OUT,
		net,
		sk,
		skb1,
		null,
		skb1._dst!.dev,
		dst_output,
	);
}

/**
 * Sends a packet of this host that has its header and destination.
 * @returns 0, NET_XMIT_* or a negative errno
 * @kernel net/ipv4/ip_output.c:120 (v5.10)
 */
export function ip_local_out(net: net, sk: sock | null, skb: sk_buff): number {
	const err = __ip_local_out(net, sk, skb);
	return err === 1 ? dst_output(net, sk, skb) : err;
}

/**
 * TTL of what a socket sends.
 * @kernel net/ipv4/ip_output.c:132 (v5.10)
 */
function ip_select_ttl(inet: inet_sock, dst: rtable): number {
	return inet.uc_ttl < 0 ? ip4_dst_hoplimit(dst) : inet.uc_ttl;
}

/**
 * Puts an IP header before an answer that has a destination, and sends it.
 * @param saddr network order
 * @param daddr network order
 * @param opt options or null
 * @returns 0, NET_XMIT_* or a negative errno
 * @kernel net/ipv4/ip_output.c:145 (v5.10)
 */
export function ip_build_and_send_pkt(
	skb: sk_buff,
	sk: sock,
	saddr: __be32,
	daddr: __be32,
	opt: ip_options_rcu | null,
	tos: number,
): number {
	const inet = inet_sk(sk);
	const rt = skb._dst as rtable;
	const net = sock_net(sk);
	skb_push(skb, IPHDR_LEN + (opt !== null ? opt.opt.optlen : 0));
	skb_reset_network_header(skb);
	const head = skb.head;
	const iph = skb.network_header;
	head[iph] = 0x45;
	head[iph + IPHDR_tos] = tos;
	head[iph + IPHDR_ttl] = ip_select_ttl(inet, rt);
	put_unaligned_be32(
		opt !== null && opt.opt.srr !== 0 ? opt.opt.faddr : daddr,
		head,
		iph + IPHDR_daddr,
	);
	put_unaligned_be32(saddr, head, iph + IPHDR_saddr);
	head[iph + IPHDR_protocol] = sk.sk_protocol;
	if (ip_dont_fragment(sk, rt)) {
		put_unaligned_be16(IP_DF, head, iph + IPHDR_frag_off);
		put_unaligned_be16(0, head, iph + IPHDR_id);
	} else {
		put_unaligned_be16(0, head, iph + IPHDR_frag_off);
		__ip_select_ident(net, head, iph, 1);
	}
	if (opt !== null && opt.opt.optlen !== 0) {
		head[iph] += opt.opt.optlen >> 2;
		ip_options_build(skb, opt.opt, daddr, rt, 0);
	}
	skb.priority = sk.sk_priority;
	if (skb.mark === 0) skb.mark = sk.sk_mark;
	return ip_local_out(net, skb.sk, skb);
}

/**
 * Hands a packet that fits to the neighbour of its next hop.
 * @returns 0, NET_XMIT_* or a negative errno
 * @kernel net/ipv4/ip_output.c:187 (v5.10)
 */
function ip_finish_output2(net: net, _sk: sock | null, skb: sk_buff): number {
	const rt = skb._dst as rtable;
	const dev = rt.dev!;
	const m = skb.machine;
	if (rt.rt_type === RTN_MULTICAST)
		IP_UPD_PO_STATS(net, IPSTATS_MIB_OUTMCASTPKTS, IPSTATS_MIB_OUTMCASTOCTETS, skb.len);
	else if (rt.rt_type === RTN_BROADCAST)
		IP_UPD_PO_STATS(net, IPSTATS_MIB_OUTBCASTPKTS, IPSTATS_MIB_OUTBCASTOCTETS, skb.len);
	if (skb_headroom(skb) < LL_RESERVED_SPACE(dev) && dev.header_ops !== null) {
		const skb2 = skb_realloc_headroom(skb, LL_RESERVED_SPACE(dev));
		if (skb.sk !== null) skb_set_owner_w(skb2, skb.sk);
		consume_skb(skb);
		skb = skb2;
	}
	m.local_bh_disable();
	const neigh = ip_neigh_for_gw(rt, skb);
	if (!IS_ERR(neigh)) {
		sock_confirm_neigh(skb, neigh);
		const res = neigh_output(neigh, skb, rt.rt_gw_family === AF_INET6);
		m.local_bh_enable();
		return res;
	}
	m.local_bh_enable();
	kfree_skb(skb);
	return -EINVAL;
}

/**
 * Sends a GSO packet: whole when its segments fit, else cut into segments, each cut to fit.
 * @param mtu bytes
 * @kernel net/ipv4/ip_output.c:242 (v5.10)
 */
function ip_finish_output_gso(net: net, sk: sock | null, skb: sk_buff, mtu: number): number {
	if (skb_gso_validate_network_len(skb, mtu)) return ip_finish_output2(net, sk, skb);
	const features = netif_skb_features(skb);
	const list = skb_gso_segment(skb, features & ~NETIF_F_GSO_MASK);
	if (list === null || IS_ERR(list)) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	consume_skb(skb);
	let ret = 0;
	let segs: sk_buff | null = list;
	while (segs !== null) {
		const nskb: sk_buff | null = segs.next;
		segs.next = null;
		const err = ip_fragment(net, sk, segs, mtu, ip_finish_output2);
		if (err !== 0 && ret === 0) ret = err;
		segs = nskb;
	}
	return ret;
}

/**
 * Sends a packet that has passed the hooks: through its transform, in segments, in fragments, or as it is.
 * @kernel net/ipv4/ip_output.c:290 (v5.10)
 */
function __ip_finish_output(net: net, sk: sock | null, skb: sk_buff): number {
	if (skb._dst!.xfrm !== null) {
		IPCB(skb).flags |= IPSKB_REROUTED;
		return dst_output(net, sk, skb);
	}
	const mtu = ip_skb_dst_mtu(sk, skb);
	if (skb_is_gso(skb)) return ip_finish_output_gso(net, sk, skb, mtu);
	if (skb.len > mtu || IPCB(skb).frag_max_size !== 0)
		return ip_fragment(net, sk, skb, mtu, ip_finish_output2);
	return ip_finish_output2(net, sk, skb);
}

/**
 * Sends a packet that has passed the hooks.
 * @kernel net/ipv4/ip_output.c:311 (v5.10)
 */
function ip_finish_output(net: net, sk: sock | null, skb: sk_buff): number {
	return __ip_finish_output(net, sk, skb);
}

/**
 * Loops the copy of a group or broadcast packet back to this host.
 * @kernel net/ipv4/ip_output.c:327 (v5.10)
 */
function ip_mc_finish_output(net: net, sk: sock | null, skb: sk_buff): number {
	const new_rt = rt_dst_clone(net.loopback_dev!, skb._dst as rtable);
	if (new_rt !== null) {
		new_rt.rt_iif = 0;
		skb_dst_drop(skb);
		skb_dst_set(skb, new_rt);
	}
	return dev_loopback_xmit(net, sk, skb);
}

/**
 * Output of a destination for groups and broadcast: the wire, and this host if it listens.
 * @kernel net/ipv4/ip_output.c:361 (v5.10)
 */
export function ip_mc_output(net: net, sk: sock | null, skb: sk_buff): number {
	const rt = skb._dst as rtable;
	const dev = rt.dev!;
	IP_UPD_PO_STATS(net, IPSTATS_MIB_OUTPKTS, IPSTATS_MIB_OUTOCTETS, skb.len);
	skb.dev = dev;
	skb.protocol = ETH_P_IP;
	if ((rt.rt_flags & RTCF_MULTICAST) !== 0) {
		if (
			sk_mc_loop(sk) &&
			((rt.rt_flags & RTCF_LOCAL) !== 0 ||
				(IPCB(skb).flags & IPSKB_FORWARDED) === 0)
		)
			mc_loop(net, sk, skb_clone(skb));
		if (skb.head[skb.network_header + IPHDR_ttl] === 0) {
			kfree_skb(skb);
			return 0;
		}
	}
	if ((rt.rt_flags & RTCF_BROADCAST) !== 0) mc_loop(net, sk, skb_clone(skb));
	return NF_HOOK_COND(
		NFPROTO_IPV4,
		NF_INET_POST_ROUTING,
		net,
		sk,
		skb,
		null,
		skb.dev,
		ip_finish_output,
		(IPCB(skb).flags & IPSKB_REROUTED) === 0,
	);
}

/**
 * Sends a copy back to this host.
 * @kernel PORT: what ip_mc_output() does twice
 */
function mc_loop(net: net, sk: sock | null, newskb: sk_buff): void {
	NF_HOOK(
		NFPROTO_IPV4,
		NF_INET_POST_ROUTING,
		net,
		sk,
		newskb,
		null,
		newskb.dev,
		ip_mc_finish_output,
	);
}

/**
 * Output of a unicast destination.
 * @kernel net/ipv4/ip_output.c:423 (v5.10)
 */
export function ip_output(net: net, sk: sock | null, skb: sk_buff): number {
	const dev = skb._dst!.dev;
	const indev = skb.dev;
	IP_UPD_PO_STATS(net, IPSTATS_MIB_OUTPKTS, IPSTATS_MIB_OUTOCTETS, skb.len);
	skb.dev = dev;
	skb.protocol = ETH_P_IP;
	return NF_HOOK_COND(
		NFPROTO_IPV4,
		NF_INET_POST_ROUTING,
		net,
		sk,
		skb,
		indev,
		dev,
		ip_finish_output,
		skb.ipcb === null || (skb.ipcb.flags & IPSKB_REROUTED) === 0,
	);
}

/**
 * Writes a flow's addresses into an IP header.
 * @kernel net/ipv4/ip_output.c:444 (v5.10)
 */
function ip_copy_addrs(head: Uint8Array, iph: number, fl4: flowi4): void {
	put_unaligned_be32(fl4.saddr, head, iph + IPHDR_saddr);
	put_unaligned_be32(fl4.daddr, head, iph + IPHDR_daddr);
}

/**
 * Sends a packet of a connected socket: finds the route, builds the header.
 * @param fl4 the socket's flow
 * @returns 0, NET_XMIT_* or a negative errno
 * @kernel net/ipv4/ip_output.c:453 (v5.10)
 */
export function __ip_queue_xmit(sk: sock, skb: sk_buff, fl4: flowi4, tos: number): number {
	const inet = inet_sk(sk);
	const net = sock_net(sk);
	const inet_opt = inet.inet_opt;
	no_route: {
		let rt = skb._dst as rtable | null;
		if (rt === null) {
			rt = __sk_dst_check(sk, 0) as rtable | null;
			if (rt === null) {
				let daddr = inet.inet_daddr;
				if (inet_opt !== null && inet_opt.opt.srr !== 0)
					daddr = inet_opt.opt.faddr;
				const r = ip_route_output_ports(
					net,
					fl4,
					sk,
					daddr,
					inet.inet_saddr,
					inet.inet_dport,
					inet.inet_sport,
					sk.sk_protocol,
					RT_CONN_FLAGS_TOS(sk, tos),
					sk.sk_bound_dev_if,
				);
				if (IS_ERR(r)) break no_route;
				rt = r;
				sk_setup_caps(sk, rt);
			}
			skb_dst_set_noref(skb, rt);
		}
		if (inet_opt !== null && inet_opt.opt.is_strictroute && rt.rt_uses_gateway !== 0)
			break no_route;
		skb_push(skb, IPHDR_LEN + (inet_opt !== null ? inet_opt.opt.optlen : 0));
		skb_reset_network_header(skb);
		const head = skb.head;
		const iph = skb.network_header;
		head[iph] = 0x45;
		head[iph + IPHDR_tos] = tos;
		put_unaligned_be16(
			ip_dont_fragment(sk, rt) && !skb.ignore_df ? IP_DF : 0,
			head,
			iph + IPHDR_frag_off,
		);
		head[iph + IPHDR_ttl] = ip_select_ttl(inet, rt);
		head[iph + IPHDR_protocol] = sk.sk_protocol;
		ip_copy_addrs(head, iph, fl4);
		if (inet_opt !== null && inet_opt.opt.optlen !== 0) {
			head[iph] += inet_opt.opt.optlen >> 2;
			ip_options_build(skb, inet_opt.opt, inet.inet_daddr, rt, 0);
		}
		const segs = skb.shinfo.gso_segs;
		ip_select_ident_segs(net, skb, sk, segs === 0 ? 1 : segs);
		skb.priority = sk.sk_priority;
		skb.mark = sk.sk_mark;
		return ip_local_out(net, sk, skb);
	}
	IP_INC_STATS(net, IPSTATS_MIB_OUTNOROUTES);
	kfree_skb(skb);
	return -EHOSTUNREACH;
}

/**
 * Sends a packet of a connected socket by its own type of service.
 * @kernel net/ipv4/ip_output.c:544 (v5.10)
 */
export function ip_queue_xmit(sk: sock, skb: sk_buff, fl4: flowi4): number {
	return __ip_queue_xmit(sk, skb, fl4, inet_sk(sk).tos);
}

/**
 * Gives a fragment what describes the packet it is cut from.
 * @kernel net/ipv4/ip_output.c:550 (v5.10)
 */
function ip_copy_metadata(to: sk_buff, from: sk_buff): void {
	to.pkt_type = from.pkt_type;
	to.priority = from.priority;
	to.protocol = from.protocol;
	to.skb_iif = from.skb_iif;
	skb_dst_drop(to);
	skb_dst_copy(to, from);
	to.dev = from.dev;
	to.mark = from.mark;
	to.hash = from.hash;
	to.l4_hash = from.l4_hash;
	nf_copy(to, from);
	to.nf_trace = from.nf_trace;
	skb_ext_reset(to);
	to.sp = from.sp;
	if (to.sp !== null) to.sp.refcnt++;
}

/**
 * Cuts a packet that does not fit, unless its don't-fragment bit forbids: then its sender is told.
 * @param mtu bytes
 * @param output takes each fragment
 * @returns 0, -EMSGSIZE, or what output answers
 * @kernel net/ipv4/ip_output.c:574 (v5.10)
 */
function ip_fragment(
	net: net,
	sk: sock | null,
	skb: sk_buff,
	mtu: number,
	output: output_fn,
): number {
	const iph = skb.network_header;
	if ((get_unaligned_be16(skb.head, iph + IPHDR_frag_off) & IP_DF) === 0)
		return ip_do_fragment(net, sk, skb, output);
	const frag_max_size = IPCB(skb).frag_max_size;
	if (!skb.ignore_df || (frag_max_size !== 0 && frag_max_size > mtu)) {
		IP_INC_STATS(net, IPSTATS_MIB_FRAGFAILS);
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
		kfree_skb(skb);
		return -EMSGSIZE;
	}
	return ip_do_fragment(net, sk, skb, output);
}

/**
 * Begins to take a packet apart along its fragment list; the packet becomes the first fragment.
 * @param iph offset of the IP header
 * @param hlen its length
 * @kernel net/ipv4/ip_output.c:596 (v5.10)
 */
export function ip_fraglist_init(
	skb: sk_buff,
	iph: number,
	hlen: number,
	iter: ip_fraglist_iter,
): void {
	const first_len = skb_pagelen(skb);
	iter.frag = skb.shinfo.frag_list;
	skb.shinfo.frag_list = null;
	iter.offset = 0;
	iter.iph = iph;
	iter.iph_head = skb.head;
	iter.hlen = hlen;
	skb.data_len = first_len - skb_headlen(skb);
	skb.len = first_len;
	put_unaligned_be16(first_len, skb.head, iph + IPHDR_tot_len);
	put_unaligned_be16(IP_MF, skb.head, iph + IPHDR_frag_off);
	ip_send_check(skb.view, iph);
}

/**
 * Gives the next fragment the control block of the one before.
 * @kernel net/ipv4/ip_output.c:616 (v5.10)
 */
function ip_fraglist_ipcb_prepare(skb: sk_buff, iter: ip_fraglist_iter): void {
	const to = iter.frag!;
	IPCB(to).flags = IPCB(skb).flags;
	if (iter.offset === 0) ip_options_fragment(to);
}

/**
 * Puts an IP header before the next fragment of the list.
 * @param skb the fragment before it
 * @kernel net/ipv4/ip_output.c:628 (v5.10)
 */
export function ip_fraglist_prepare(skb: sk_buff, iter: ip_fraglist_iter): void {
	const hlen = iter.hlen;
	const frag = iter.frag!;
	frag.ip_summed = CHECKSUM_NONE;
	skb_reset_transport_header(frag);
	__skb_push(frag, hlen);
	skb_reset_network_header(frag);
	const head = frag.head;
	const iph = frag.network_header;
	for (let i = 0; i < hlen; i++) head[iph + i] = iter.iph_head[iter.iph + i];
	iter.iph = iph;
	iter.iph_head = head;
	put_unaligned_be16(frag.len, head, iph + IPHDR_tot_len);
	ip_copy_metadata(frag, skb);
	iter.offset += skb.len - hlen;
	put_unaligned_be16(
		(iter.offset >> 3) | (frag.next !== null ? IP_MF : 0),
		head,
		iph + IPHDR_frag_off,
	);
	ip_send_check(frag.view, iph);
}

/**
 * Takes the fragment at hand off the list.
 * @kernel include/net/ip.h:178 (v5.10)
 */
export function ip_fraglist_next(iter: ip_fraglist_iter): sk_buff {
	const skb = iter.frag!;
	iter.frag = skb.next;
	skb.next = null;
	return skb;
}

/**
 * Begins to cut a packet into fragments by copying.
 * @param hlen length of the IP header
 * @param ll_rs room for the link header
 * @param mtu payload bytes a fragment
 * @param DF fragments get the don't-fragment bit
 * @kernel net/ipv4/ip_output.c:653 (v5.10)
 */
export function ip_frag_init(
	skb: sk_buff,
	hlen: number,
	ll_rs: number,
	mtu: number,
	DF: boolean,
	state: ip_frag_state,
): void {
	const frag_off: number = get_unaligned_be16(skb.head, skb.network_header + IPHDR_frag_off);
	state.DF = DF;
	state.hlen = hlen;
	state.ll_rs = ll_rs;
	state.mtu = mtu;
	state.left = skb.len - hlen;
	state.ptr = hlen;
	state.offset = (frag_off & IP_OFFSET) << 3;
	state.not_last_frag = frag_off & IP_MF;
}

/**
 * Gives a fragment the packet's flags; after the first, options that are not copied are blanked.
 * @kernel net/ipv4/ip_output.c:672 (v5.10)
 */
function ip_frag_ipcb(from: sk_buff, to: sk_buff, first_frag: boolean): void {
	IPCB(to).flags = IPCB(from).flags;
	if (first_frag) ip_options_fragment(from);
}

/**
 * Makes the next fragment.
 * @returns the packet or -ENOMEM
 * @kernel net/ipv4/ip_output.c:688 (v5.10)
 */
export function ip_frag_next(skb: sk_buff, state: ip_frag_state): sk_buff | number {
	let len = state.left;
	if (len > state.mtu) len = state.mtu;
	if (len < state.left) len &= ~7;
	const skb2 = alloc_skb(skb.machine, len + state.hlen + state.ll_rs);
	ip_copy_metadata(skb2, skb);
	skb_reserve(skb2, state.ll_rs);
	skb_put(skb2, len + state.hlen);
	skb_reset_network_header(skb2);
	skb2.transport_header = skb2.network_header + state.hlen;
	if (skb.sk !== null) skb_set_owner_w(skb2, skb.sk);
	skb_copy_bits(skb, 0, skb2.head, skb2.network_header, state.hlen);
	if (skb_copy_bits(skb, state.ptr, skb2.head, skb2.transport_header, len) !== 0)
		skb.machine.record(
			'BUG',
			'ip_frag_next',
			'the packet is shorter than it says',
			skb,
		);
	state.left -= len;
	const head = skb2.head;
	const iph = skb2.network_header;
	put_unaligned_be16(
		(state.offset >> 3) |
			(state.DF ? IP_DF : 0) |
			(state.left > 0 || state.not_last_frag !== 0 ? IP_MF : 0),
		head,
		iph + IPHDR_frag_off,
	);
	state.ptr += len;
	state.offset += len;
	put_unaligned_be16(len + state.hlen, head, iph + IPHDR_tot_len);
	ip_send_check(skb2.view, iph);
	return skb2;
}

/**
 * Cuts a packet into fragments: along its fragment list when that fits, else by copying.
 * @param output takes each fragment
 * @returns 0 or the first errno
 * @kernel net/ipv4/ip_output.c:772 (v5.10)
 */
export function ip_do_fragment(net: net, sk: sock | null, skb: sk_buff, output: output_fn): number {
	const rt = skb._dst as rtable;
	const tstamp = skb.tstamp;
	let err = 0;
	fail: {
		if (skb.ip_summed === CHECKSUM_PARTIAL && (err = skb_checksum_help(skb)) !== 0)
			break fail;
		const iph = skb.network_header;
		const cb = IPCB(skb);
		let mtu = ip_skb_dst_mtu(sk, skb);
		if (cb.frag_max_size !== 0 && cb.frag_max_size < mtu) mtu = cb.frag_max_size;
		const hlen = (skb.head[iph] & 0xf) * 4;
		mtu -= hlen;
		cb.flags |= IPSKB_FRAG_COMPLETE;
		const ll_rs = LL_RESERVED_SPACE(rt.dev!);

		if (skb.shinfo.frag_list !== null && ip_fraglist_fits(skb, iph, hlen, mtu, ll_rs)) {
			const iter = new ip_fraglist_iter(skb.head);
			ip_fraglist_init(skb, iph, hlen, iter);
			for (;;) {
				if (iter.frag !== null) {
					ip_fraglist_ipcb_prepare(skb, iter);
					ip_fraglist_prepare(skb, iter);
				}
				skb.tstamp = tstamp;
				err = output(net, sk, skb);
				if (err === 0) IP_INC_STATS(net, IPSTATS_MIB_FRAGCREATES);
				if (err !== 0 || iter.frag === null) break;
				skb = ip_fraglist_next(iter);
			}
			if (err === 0) {
				IP_INC_STATS(net, IPSTATS_MIB_FRAGOKS);
				return 0;
			}
			kfree_skb_list(iter.frag);
			IP_INC_STATS(net, IPSTATS_MIB_FRAGFAILS);
			return err;
		}

		const state = new ip_frag_state();
		ip_frag_init(skb, hlen, ll_rs, mtu, (cb.flags & IPSKB_FRAG_PMTU) !== 0, state);
		while (state.left > 0) {
			const first_frag = state.offset === 0;
			const skb2 = ip_frag_next(skb, state);
			if (IS_ERR(skb2)) {
				err = skb2;
				break fail;
			}
			ip_frag_ipcb(skb, skb2, first_frag);
			skb2.tstamp = tstamp;
			err = output(net, sk, skb2);
			if (err !== 0) break fail;
			IP_INC_STATS(net, IPSTATS_MIB_FRAGCREATES);
		}
		consume_skb(skb);
		IP_INC_STATS(net, IPSTATS_MIB_FRAGOKS);
		return err;
	}
	kfree_skb(skb);
	IP_INC_STATS(net, IPSTATS_MIB_FRAGFAILS);
	return err;
}

/**
 * Tells whether the pieces of a fragment list can go out as they are; then gives them to the
 * packet's socket.
 * @kernel PORT: the checks of ip_do_fragment() before its labels slow_path and slow_path_clean
 */
function ip_fraglist_fits(
	skb: sk_buff,
	iph: number,
	hlen: number,
	mtu: number,
	ll_rs: number,
): boolean {
	const first_len = skb_pagelen(skb);
	if (
		first_len - hlen > mtu ||
		((first_len - hlen) & 7) !== 0 ||
		ip_is_fragment(skb.view, iph) ||
		skb_cloned(skb) ||
		skb_headroom(skb) < ll_rs
	)
		return false;
	for (let frag = skb.shinfo.frag_list; frag !== null; frag = frag.next) {
		if (
			frag.len > mtu ||
			((frag.len & 7) !== 0 && frag.next !== null) ||
			skb_headroom(frag) < hlen + ll_rs ||
			skb_shared(frag)
		) {
			for (let frag2 = skb.shinfo.frag_list; frag2 !== frag; frag2 = frag2.next) {
				if (frag2 === null) break;
				frag2.sk = null;
				frag2.destructor = null;
				skb.truesize += frag2.truesize;
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
 * getfrag of a message: copies the user's bytes.
 * @returns 0 or -EFAULT
 * @kernel net/ipv4/ip_output.c:931 (v5.10)
 */
export function ip_generic_getfrag(
	from: msghdr,
	to: Uint8Array,
	to_off: number,
	_offset: number,
	len: number,
	odd: number,
	skb: sk_buff,
): number {
	if (!copy_from_iter_full(to, to_off, len, from)) return -EFAULT;
	if (skb.ip_summed !== CHECKSUM_PARTIAL)
		skb.csum = csum_block_add(skb.csum, csum_partial(to, to_off, len, 0), odd);
	return 0;
}

/**
 * Appends data to a queue of packets that will be one datagram: each packet is filled to the MTU, so that
 * the fragments are ready.
 * @param queue packets so far
 * @param pfrag page to fill when the device takes fragments
 * @param length bytes, transport header included
 * @param transhdrlen bytes of transport header, 0 when it is there already
 * @returns 0 or a negative errno: -EMSGSIZE, -EAGAIN, -ENOBUFS, -EFAULT
 * @kernel net/ipv4/ip_output.c:959 (v5.10)
 */
function __ip_append_data<T>(
	sk: sock,
	fl4: flowi4,
	queue: sk_buff_head,
	cork: inet_cork,
	pfrag: page_frag,
	getfrag: getfrag_t<T>,
	from: T,
	length: number,
	transhdrlen: number,
	flags: number,
): number {
	const inet = inet_sk(sk);
	const opt = cork.opt;
	const rt = cork.dst as rtable;
	const dev = rt.dev!;
	let skb = skb_peek_tail(queue);
	let exthdrlen = skb === null ? rt.header_len : 0;
	const mtu = cork.fragsize;
	const hh_len = LL_RESERVED_SPACE(dev);
	const fragheaderlen = IPHDR_LEN + (opt !== null ? opt.optlen : 0);
	const maxfraglen = ((mtu - fragheaderlen) & ~7) + fragheaderlen;
	const maxnonfragsize = ip_sk_ignore_df(sk) ? IP_MAX_MTU : mtu;
	let offset = 0;
	let err = 0;
	let wmem_alloc_delta = 0;

	if (cork.length + length > maxnonfragsize - fragheaderlen) {
		ip_local_error(
			sk,
			EMSGSIZE,
			fl4.daddr,
			inet.inet_dport,
			mtu - (opt !== null ? opt.optlen : 0),
		);
		return -EMSGSIZE;
	}
	let csummode = CHECKSUM_NONE;
	if (
		transhdrlen !== 0 &&
		length + fragheaderlen <= mtu &&
		(dev.features & (NETIF_F_HW_CSUM | NETIF_F_IP_CSUM)) !== 0 &&
		(flags & MSG_MORE) === 0 &&
		exthdrlen === 0
	)
		csummode = CHECKSUM_PARTIAL;
	cork.length += length;

	error: {
		let first = skb === null;
		while (first || length > 0) {
			let copy = 0;
			if (skb !== null) {
				copy = mtu - skb.len;
				if (copy < length) copy = maxfraglen - skb.len;
			}
			if (first || skb === null || copy <= 0) {
				first = false;
				const skb_prev: sk_buff | null = skb;
				const fraggap = skb_prev !== null ? skb_prev.len - maxfraglen : 0;
				let datalen = length + fraggap;
				if (datalen > mtu - fragheaderlen)
					datalen = maxfraglen - fragheaderlen;
				const fraglen = datalen + fragheaderlen;
				let alloclen =
					(flags & MSG_MORE) !== 0 &&
					(dev.features & NETIF_F_SG) === 0
						? mtu
						: fraglen;
				alloclen += exthdrlen;
				if (datalen === length + fraggap) alloclen += rt.trailer_len;
				if (transhdrlen !== 0) {
					const ec: errcode = { err: 0 };
					skb = sock_alloc_send_skb(sk, alloclen + hh_len + 15, ec);
					if (skb === null) {
						err = ec.err;
						break error;
					}
				} else {
					skb = null;
					if (sk.sk_wmem_alloc + wmem_alloc_delta <= 2 * sk.sk_sndbuf)
						skb = alloc_skb(sk.machine, alloclen + hh_len + 15);
					if (skb === null) {
						err = -ENOBUFS;
						break error;
					}
				}
				skb.ip_summed = csummode;
				skb.csum = 0;
				skb_reserve(skb, hh_len);
				let data = skb_put(skb, fraglen + exthdrlen);
				skb_set_network_header(skb, exthdrlen);
				skb.transport_header = skb.network_header + fragheaderlen;
				data += fragheaderlen + exthdrlen;
				if (skb_prev !== null && fraggap !== 0) {
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
				copy = datalen - transhdrlen - fraggap;
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
				csummode = CHECKSUM_NONE;
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
			if ((dev.features & NETIF_F_SG) === 0 && skb_tailroom(skb) >= copy) {
				const off = skb.len;
				const at = skb_put(skb, copy);
				if (getfrag(from, skb.head, at, offset, copy, off, skb) < 0) {
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
	IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTDISCARDS);
	sk.sk_wmem_alloc += wmem_alloc_delta;
	return err;
}

/**
 * Begins a datagram: notes what its pieces have in common and takes over the route.
 * @returns 0, -EFAULT without a route, -ENETUNREACH when the MTU is too small
 * @kernel net/ipv4/ip_output.c:1241 (v5.10)
 */
function ip_setup_cork(sk: sock, cork: inet_cork, ipc: ipcm_cookie, rtp: rtable_ref): number {
	const rt = rtp.rt;
	if (rt === null) return -EFAULT;
	const opt = ipc.opt;
	if (opt !== null) {
		if (cork.opt === null) {
			cork.opt = new ip_options();
			cork.opt.__data = new Uint8Array(40);
		}
		cork.opt.assign(opt.opt);
		for (let i = 0; i < opt.opt.optlen; i++) cork.opt.__data![i] = opt.opt.__data![i];
		cork.flags |= IPCORK_OPT;
		cork.addr = ipc.addr;
	}
	cork.fragsize = ip_sk_use_pmtu(sk) ? dst_mtu(rt) : rt.dev!.mtu;
	if (!inetdev_valid_mtu(cork.fragsize)) return -ENETUNREACH;
	cork.gso_size = ipc.gso_size;
	cork.dst = rt;
	rtp.rt = null;
	cork.length = 0;
	cork.ttl = ipc.ttl;
	cork.tos = ipc.tos;
	cork.mark = ipc.sockc.mark;
	cork.priority = ipc.priority;
	cork.transmit_time = ipc.sockc.transmit_time;
	cork.tx_flags = 0;
	return 0;
}

/**
 * Appends data to the datagram a socket puts together, or begins one.
 * @param length bytes, transport header included
 * @param transhdrlen bytes of transport header
 * @param rtp route, taken over when a datagram is begun
 * @param flags MSG_*
 * @returns 0 or a negative errno
 * @kernel net/ipv4/ip_output.c:1302 (v5.10)
 */
export function ip_append_data<T>(
	sk: sock,
	fl4: flowi4,
	getfrag: getfrag_t<T>,
	from: T,
	length: number,
	transhdrlen: number,
	ipc: ipcm_cookie,
	rtp: rtable_ref,
	flags: number,
): number {
	const inet = inet_sk(sk);
	if ((flags & MSG_PROBE) !== 0) return 0;
	if (sk.sk_write_queue.qlen === 0) {
		const err = ip_setup_cork(sk, inet.cork.base, ipc, rtp);
		if (err !== 0) return err;
	} else {
		transhdrlen = 0;
	}
	return __ip_append_data(
		sk,
		fl4,
		sk.sk_write_queue,
		inet.cork.base,
		sk_page_frag(sk),
		getfrag,
		from,
		length,
		transhdrlen,
		flags,
	);
}

/**
 * Forgets what the pieces of a datagram have in common.
 * @kernel net/ipv4/ip_output.c:1458 (v5.10)
 */
function ip_cork_release(cork: inet_cork): void {
	cork.flags &= ~IPCORK_OPT;
	cork.opt = null;
	dst_release(cork.dst);
	cork.dst = null;
}

/**
 * Makes the queued packets one datagram with an IP header.
 * @returns the packet, or null when the queue is empty
 * @kernel net/ipv4/ip_output.c:1471 (v5.10)
 */
export function __ip_make_skb(
	sk: sock,
	fl4: flowi4,
	queue: sk_buff_head,
	cork: inet_cork,
): sk_buff | null {
	const inet = inet_sk(sk);
	const net = sock_net(sk);
	const rt = cork.dst as rtable;
	const skb = __skb_dequeue(queue);
	if (skb === null) return null;
	let tail: sk_buff | null = null;
	if (skb.data < skb.network_header) __skb_pull(skb, skb_network_offset(skb));
	for (let tmp_skb = __skb_dequeue(queue); tmp_skb !== null; tmp_skb = __skb_dequeue(queue)) {
		__skb_pull(tmp_skb, skb_network_header_len(skb));
		if (tail === null) skb.shinfo.frag_list = tmp_skb;
		else tail.next = tmp_skb;
		tail = tmp_skb;
		skb.len += tmp_skb.len;
		skb.data_len += tmp_skb.len;
		skb.truesize += tmp_skb.truesize;
		tmp_skb.destructor = null;
		tmp_skb.sk = null;
	}
	skb.ignore_df = ip_sk_ignore_df(sk);
	let df = 0;
	if (
		inet.pmtudisc === IP_PMTUDISC_DO ||
		inet.pmtudisc === IP_PMTUDISC_PROBE ||
		(skb.len <= dst_mtu(rt) && ip_dont_fragment(sk, rt))
	)
		df = IP_DF;
	const opt = (cork.flags & IPCORK_OPT) !== 0 ? cork.opt : null;
	let ttl: number;
	if (cork.ttl !== 0) ttl = cork.ttl;
	else if (rt.rt_type === RTN_MULTICAST) ttl = inet.mc_ttl;
	else ttl = ip_select_ttl(inet, rt);

	const head = skb.head;
	const iph = skb.network_header;
	head[iph] = 0x45;
	head[iph + IPHDR_tos] = cork.tos !== -1 ? cork.tos : inet.tos;
	put_unaligned_be16(df, head, iph + IPHDR_frag_off);
	head[iph + IPHDR_ttl] = ttl;
	head[iph + IPHDR_protocol] = sk.sk_protocol;
	ip_copy_addrs(head, iph, fl4);
	ip_select_ident(net, skb, sk);
	if (opt !== null) {
		head[iph] += opt.optlen >> 2;
		ip_options_build(skb, opt, cork.addr, rt, 0);
	}
	skb.priority = cork.tos !== -1 ? cork.priority : sk.sk_priority;
	skb.mark = cork.mark;
	skb.tstamp = cork.transmit_time;
	/* The reference on the route goes from the cork to the packet. */
	cork.dst = null;
	skb_dst_set(skb, rt);
	if (head[iph + IPHDR_protocol] === IPPROTO_ICMP)
		icmp_out_count(net, head[skb.transport_header + ICMPHDR_type]);
	ip_cork_release(cork);
	return skb;
}

/**
 * Sends a datagram.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/ip_output.c:1564 (v5.10)
 */
export function ip_send_skb(net: net, skb: sk_buff): number {
	let err = ip_local_out(net, skb.sk, skb);
	if (err > 0) err = net_xmit_errno(err);
	if (err !== 0) IP_INC_STATS(net, IPSTATS_MIB_OUTDISCARDS);
	return err;
}

/**
 * Errno of a transmit code: a congestion notice is no error.
 * @kernel PORT: include/linux/netdevice.h net_xmit_errno
 */
export function net_xmit_errno(e: number): number {
	return e !== NET_XMIT_CN ? -ENOBUFS : 0;
}

/**
 * Makes the datagram that a socket puts together.
 * @kernel include/net/ip.h:237 (v5.10)
 */
export function ip_finish_skb(sk: sock, fl4: flowi4): sk_buff | null {
	return __ip_make_skb(sk, fl4, sk.sk_write_queue, inet_sk(sk).cork.base);
}

/**
 * Sends the datagram that a socket puts together.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/ip_output.c:1579 (v5.10)
 */
export function ip_push_pending_frames(sk: sock, fl4: flowi4): number {
	const skb = ip_finish_skb(sk, fl4);
	if (skb === null) return 0;
	return ip_send_skb(sock_net(sk), skb);
}

/**
 * Throws queued packets away.
 * @kernel net/ipv4/ip_output.c:1594 (v5.10)
 */
function __ip_flush_pending_frames(queue: sk_buff_head, cork: inet_cork): void {
	for (let skb = __skb_dequeue_tail(queue); skb !== null; skb = __skb_dequeue_tail(queue))
		kfree_skb(skb);
	ip_cork_release(cork);
}

/**
 * Throws away the datagram that a socket puts together.
 * @kernel net/ipv4/ip_output.c:1606 (v5.10)
 */
export function ip_flush_pending_frames(sk: sock): void {
	__ip_flush_pending_frames(sk.sk_write_queue, inet_sk(sk).cork.base);
}

/**
 * Makes a datagram in one go, without corking the socket.
 * @param length bytes, transport header included
 * @param transhdrlen bytes of transport header
 * @param rtp route, taken over
 * @param cork gets what it needs; must be free
 * @returns the packet, null for MSG_PROBE, or a negative errno
 * @kernel net/ipv4/ip_output.c:1611 (v5.10)
 */
export function ip_make_skb<T>(
	sk: sock,
	fl4: flowi4,
	getfrag: getfrag_t<T>,
	from: T,
	length: number,
	transhdrlen: number,
	ipc: ipcm_cookie,
	rtp: rtable_ref,
	cork: inet_cork,
	flags: number,
): sk_buff | null | number {
	if ((flags & MSG_PROBE) !== 0) return null;
	const queue = new sk_buff_head();
	cork.flags = 0;
	cork.addr = 0 as __be32;
	cork.opt = null;
	let err = ip_setup_cork(sk, cork, ipc, rtp);
	if (err !== 0) return err;
	err = __ip_append_data(
		sk,
		fl4,
		queue,
		cork,
		sk_page_frag(sk),
		getfrag,
		from,
		length,
		transhdrlen,
		flags,
	);
	if (err !== 0) {
		__ip_flush_pending_frames(queue, cork);
		return err;
	}
	return __ip_make_skb(sk, fl4, queue, cork);
}

/**
 * getfrag of an answer: copies and sums bytes.
 * @kernel net/ipv4/ip_output.c:1648 (v5.10)
 */
function ip_reply_glue_bits(
	dptr: Uint8Array,
	to: Uint8Array,
	to_off: number,
	offset: number,
	len: number,
	odd: number,
	skb: sk_buff,
): number {
	for (let i = 0; i < len; i++) to[to_off + i] = dptr[offset + i];
	skb.csum = csum_block_add(skb.csum, csum_partial(to, to_off, len, 0), odd);
	return 0;
}

/** What ip_send_unicast_reply() works with; it does not nest. */
const reply_scratch = machine_var(() => ({
	replyopts: new ip_options_rcu(),
	ipc: new ipcm_cookie(),
	fl4: new flowi4(),
	rtp: new rtable_ref(),
}));

/**
 * Answers a segment that has no socket: a reset or a bare acknowledgement.
 * @param sk control socket of the namespace
 * @param skb the packet that is answered
 * @param sopt its options
 * @param daddr network order
 * @param saddr network order
 * @param len bytes of arg.data
 * @param transmit_time ns, 0 for at once
 * @kernel net/ipv4/ip_output.c:1662 (v5.10)
 */
export function ip_send_unicast_reply(
	sk: sock,
	skb: sk_buff,
	sopt: ip_options,
	daddr: __be32,
	saddr: __be32,
	arg: ip_reply_arg,
	len: number,
	transmit_time: number,
): void {
	const net = sock_net(sk);
	const { replyopts, ipc, fl4, rtp } = reply_scratch.of(net.machine);
	if (__ip_options_echo(net, replyopts.opt, skb, sopt) !== 0) return;
	ipcm_init(ipc);
	ipc.addr = daddr;
	ipc.sockc.transmit_time = transmit_time;
	if (replyopts.opt.optlen !== 0) {
		ipc.opt = replyopts;
		if (replyopts.opt.srr !== 0) daddr = replyopts.opt.faddr;
	}
	let oif = arg.bound_dev_if;
	if (oif === 0 && netif_index_is_l3_master(net, skb.skb_iif)) oif = skb.skb_iif;
	const mark = IP4_REPLY_MARK(net, skb.mark);
	const th = skb.transport_header;
	const protocol = skb.head[skb.network_header + IPHDR_protocol];
	flowi4_init_output(
		fl4,
		oif,
		mark !== 0 ? mark : sk.sk_mark,
		RT_TOS(arg.tos),
		RT_SCOPE_UNIVERSE,
		protocol,
		ip_reply_arg_flowi_flags(arg),
		daddr,
		saddr,
		get_unaligned_be16(skb.head, th),
		get_unaligned_be16(skb.head, th + 2),
		arg.uid,
	);
	const rt = ip_route_output_key(net, fl4);
	if (IS_ERR(rt)) return;
	rtp.rt = rt;
	inet_sk(sk).tos = arg.tos & ~3;
	sk.sk_protocol = protocol;
	sk.sk_bound_dev_if = arg.bound_dev_if;
	sk.sk_sndbuf = sysctl_wmem_default.of(net.machine).value;
	ipc.sockc.mark = fl4.flowi4_mark;
	const err = ip_append_data(
		sk,
		fl4,
		ip_reply_glue_bits,
		arg.data,
		len,
		0,
		ipc,
		rtp,
		MSG_DONTWAIT,
	);
	if (err !== 0) {
		ip_flush_pending_frames(sk);
	} else {
		const nskb = skb_peek(sk.sk_write_queue);
		if (nskb !== null) {
			if (arg.csumoffset >= 0)
				put_unaligned_be16(
					csum_fold(csum_add(nskb.csum, arg.csum)),
					nskb.head,
					nskb.transport_header + arg.csumoffset * 2,
				);
			nskb.ip_summed = CHECKSUM_NONE;
			ip_push_pending_frames(sk, fl4);
		}
	}
	if (rtp.rt !== null) {
		ip_rt_put(rtp.rt);
		rtp.rt = null;
	}
}

/**
 * Starts routing, and puts what files below call into the table of one-way calls.
 * @kernel net/ipv4/ip_output.c:1734 (v5.10)
 */
export function ip_init(m: Machine): void {
	const stub = ipv4_stub.of(m);
	stub.ip_output = ip_output;
	stub.ip_mc_output = ip_mc_output;
	stub.__ip_local_out = __ip_local_out;
	stub.__ip_options_compile = __ip_options_compile;
	ip_rt_init(m);
}
