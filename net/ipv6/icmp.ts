// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/icmp.c, base v5.10: ICMPv6 errors and echo; who gets received messages.
 *
 * PORT: one control socket a namespace, with a flag for its lock. A message header being made is eight bytes.
 * Not ported: mobile IPv6, errors for tunnels, states that let ICMP errors through IPsec.
 */
import {
	get_unaligned_be32,
	put_unaligned_be16,
	put_unaligned_be32,
} from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { icmp6_hdr } from '../../include/linux/icmpv6.ts';
import { inet6_sk, IP6CB, ipv6_hdr } from '../../include/linux/ipv6.ts';
import { jiffies_to_msecs, msecs_to_jiffies, type Machine } from '../../include/linux/machine.ts';
import { dev_put, netif_is_l3_master, type net_device } from '../../include/linux/netdevice.ts';
import {
	PACKET_HOST,
	skb_network_offset,
	skb_peek,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import { AF_INET6, MSG_DONTWAIT, PF_INET6, SOCK_RAW } from '../../include/linux/socket.ts';
import { proc_dointvec, type ctl_table } from '../../include/linux/sysctl.ts';
import type { in6_addr } from '../../include/linux/types.ts';
import { __in6_dev_get } from '../../include/net/addrconf.ts';
import {
	csum_add,
	csum_block_add,
	csum_ipv6_magic,
	csum_partial,
} from '../../include/net/checksum.ts';
import { type dst_entry, dst_release } from '../../include/net/dst.ts';
import { flowi6 } from '../../include/net/flow.ts';
import { ip6_dst_idev, rt6_get_prefsrc, type rt6_info } from '../../include/net/ip6_fib.ts';
import {
	ipv6_anycast_destination,
	ipv6_unicast_destination,
	skb_rt6_info,
} from '../../include/net/ip6_route.ts';
import {
	__ipv6_addr_needs_scope_id,
	exthdr_pos,
	FLOWLABEL_REFLECT_ICMPV6_ECHO_REPLIES,
	ip6_flowlabel,
	ip6_make_flowinfo,
	IP6_REPLY_MARK,
	ipcm6_cookie,
	ipcm6_init_sk,
	IPV6_ADDR_ANY,
	ipv6_addr_any,
	ipv6_addr_copy,
	ipv6_addr_is_multicast,
	IPV6_ADDR_MULTICAST,
	ipv6_addr_type,
	ipv6_get_dsfield,
} from '../../include/net/ipv6.ts';
import { ipv6_stub } from '../../include/net/ipv6_stubs.ts';
import { l3mdev_master_ifindex } from '../../include/net/l3mdev.ts';
import {
	NDISC_NEIGHBOUR_ADVERTISEMENT,
	NDISC_NEIGHBOUR_SOLICITATION,
	NDISC_REDIRECT,
	NDISC_ROUTER_ADVERTISEMENT,
	NDISC_ROUTER_SOLICITATION,
} from '../../include/net/ndisc.ts';
import {
	LOOPBACK_IFINDEX,
	pernet_var,
	type net,
	type pernet_operations,
} from '../../include/net/net_namespace.ts';
import {
	INET6_PROTO_FINAL,
	INET6_PROTO_NOPOLICY,
	inet6_protos,
	type inet6_protocol,
} from '../../include/net/protocol.ts';
import { ICMP6_INC_STATS, ICMP6MSGIN_INC_STATS, IP6_INC_STATS } from '../../include/net/snmp.ts';
import type { sock } from '../../include/net/sock.ts';
import {
	xfrm6_policy_check,
	xfrm_decode_session_reverse,
	XFRM_LOOKUP_ICMP,
	xfrm_lookup_ops,
	XFRM_POLICY_IN,
} from '../../include/net/xfrm.ts';
import type { inet6_skb_parm } from '../../include/linux/ipv6.ts';
import {
	EACCES,
	EAGAIN,
	ECONNREFUSED,
	EHOSTUNREACH,
	EINVAL,
	EMSGSIZE,
	ENETUNREACH,
	EPERM,
	EPROTO,
} from '../../include/uapi/linux/errno.ts';
import {
	ICMP6HDR_cksum,
	ICMP6HDR_code,
	ICMP6HDR_LEN,
	ICMP6HDR_mtu,
	ICMP6HDR_pointer,
	ICMP6HDR_type,
	ICMPV6_DEST_UNREACH,
	ICMPV6_ECHO_REPLY,
	ICMPV6_ECHO_REQUEST,
	ICMPV6_INFOMSG_MASK,
	ICMPV6_MGM_QUERY,
	ICMPV6_MGM_REPORT,
	ICMPV6_MSG_MAX,
	ICMPV6_PARAMPROB,
	ICMPV6_PKT_TOOBIG,
	ICMPV6_TIME_EXCEED,
	ICMPV6_UNK_OPTION,
} from '../../include/uapi/linux/icmpv6.ts';
import { IFF_LOOPBACK } from '../../include/uapi/linux/if.ts';
import { IPPROTO_ICMPV6 } from '../../include/uapi/linux/in.ts';
import {
	IPV6_MIN_MTU,
	IPV6HDR_daddr,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_saddr,
} from '../../include/uapi/linux/ipv6.ts';
import {
	ICMP6_MIB_CSUMERRORS,
	ICMP6_MIB_INERRORS,
	ICMP6_MIB_INMSGS,
	ICMP6_MIB_OUTERRORS,
	IPSTATS_MIB_OUTNOROUTES,
} from '../../include/uapi/linux/snmp.ts';
import { dev_get_by_index } from '../core/dev.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import {
	consume_skb,
	kfree_skb,
	pskb_may_pull,
	pskb_pull,
	skb_copy_and_csum_bits,
	skb_header_pointer_off,
	SKB_TRUESIZE,
} from '../core/skbuff.ts';
import { icmp_global_allow } from '../ipv4/icmp.ts';
import { inet_ctl_sock_create, inet_ctl_sock_destroy } from '../ipv4/inet_common.ts';
import { inet_getpeer_v6, inet_peer_xrlim_allow, inet_putpeer } from '../ipv4/inetpeer.ts';
import { ping_err, ping_rcv } from '../ipv4/ping.ts';
import { nf_ct_attach } from '../netfilter/core.ts';
import { ipv6_chk_acast_addr_src } from './anycast.ts';
import { ipv6_ext_hdr, ipv6_skip_exthdr } from './exthdrs_core.ts';
import { __skb_checksum_validate_ip6 } from './ip6_checksum.ts';
import { inet6_register_icmp_sender } from './ip6_icmp.ts';
import {
	ip6_append_data,
	ip6_dst_lookup,
	ip6_flush_pending_frames,
	ip6_push_pending_frames,
	ip6_sk_dst_hoplimit,
} from './ip6_output.ts';
import { igmp6_event_query, igmp6_event_report } from './mcast.ts';
import { ndisc_rcv } from './ndisc.ts';
import { inet6_add_protocol } from './protocol.ts';
import { ip6_redirect, ip6_route_output, ip6_update_pmtu, rt6_multipath_hash } from './route.ts';

/** sk_lock.slock of a namespace's control socket. */
const icmp_xmit = pernet_var(() => ({ locked: false }));

/**
 * Tells the flow of a quoted ICMPv6 message of an error.
 * @param offset of the quoted ICMPv6 header from data
 * @returns 0
 * @kernel net/ipv6/icmp.c:83 (v5.10)
 */
function icmpv6_err(
	skb: sk_buff,
	_opt: inet6_skb_parm,
	type: number,
	_code: number,
	offset: number,
	info: number,
): number {
	const icmp6 = skb.data + offset;
	const dev = skb.dev!;
	const net = dev.nd_net;

	if (type === ICMPV6_PKT_TOOBIG) ip6_update_pmtu(skb, net, info, dev.ifindex, 0);
	else if (type === NDISC_REDIRECT) ip6_redirect(skb, net, dev.ifindex, 0);

	if ((type & ICMPV6_INFOMSG_MASK) === 0)
		if (skb.head[icmp6 + ICMP6HDR_type] === ICMPV6_ECHO_REQUEST)
			ping_err(skb, offset, info);

	return 0;
}

const icmpv6_protocol: inet6_protocol = {
	handler: icmpv6_rcv,
	err_handler: icmpv6_err,
	flags: INET6_PROTO_NOPOLICY | INET6_PROTO_FINAL,
};

/**
 * Takes the control socket.
 * @returns null when a message is being sent already
 * @kernel net/ipv6/icmp.c:112 (v5.10)
 */
function icmpv6_xmit_lock(net: net): sock | null {
	const x = icmp_xmit.of(net);
	if (x.locked || net.ipv6.icmp_sk === null) return null;
	x.locked = true;
	return net.ipv6.icmp_sk;
}

/**
 * Gives the control socket back.
 * @kernel net/ipv6/icmp.c:127 (v5.10)
 */
function icmpv6_xmit_unlock(sk: sock): void {
	icmp_xmit.of(sk.sk_net).locked = false;
}

/**
 * Tells whether a packet must not be answered with an error: it is one itself, or too short to tell.
 * @kernel net/ipv6/icmp.c:143 (v5.10)
 */
function is_ineligible(skb: sk_buff): boolean {
	const nh = ipv6_hdr(skb);
	const pos = new exthdr_pos();
	let ptr = nh + IPV6HDR_LEN - skb.data;

	if (skb.len - ptr < 0) return true;

	pos.nexthdr = skb.head[nh + IPV6HDR_nexthdr];
	ptr = ipv6_skip_exthdr(skb, ptr, pos);
	if (ptr < 0) return false;
	if (pos.nexthdr === IPPROTO_ICMPV6) {
		const tp = skb_header_pointer_off(skb, ptr + ICMP6HDR_type, 1);

		/* a fragment that is not the first has no ICMPv6 header */
		if (tp < 0 && pos.frag_off !== 0) return false;
		else if (tp < 0 || (skb.head[tp] & ICMPV6_INFOMSG_MASK) === 0) return true;
	}
	return false;
}

/**
 * Tells whether a type is not limited.
 * @kernel net/ipv6/icmp.c:173 (v5.10)
 */
function icmpv6_mask_allow(net: net, type: number): boolean {
	if (type > ICMPV6_MSG_MAX) return true;
	return (net.ipv6.sysctl.icmpv6_ratemask[type >> 5] & (1 << (type & 31))) === 0;
}

/**
 * Tells whether the machine's limit lets a message out.
 * @kernel net/ipv6/icmp.c:185 (v5.10)
 */
function icmpv6_global_allow(net: net, type: number): boolean {
	return icmpv6_mask_allow(net, type) || icmp_global_allow(net.machine);
}

/**
 * Tells whether the limit of a destination lets a message out.
 * @kernel net/ipv6/icmp.c:199 (v5.10)
 */
function icmpv6_xrlim_allow(sk: sock, type: number, fl6: flowi6): boolean {
	const net = sk.sk_net;
	const m = net.machine;
	let res = false;

	if (icmpv6_mask_allow(net, type)) return true;

	const dst = ip6_route_output(net, sk, fl6);
	if (dst.error !== 0) {
		IP6_INC_STATS(net, ip6_dst_idev(dst), IPSTATS_MIB_OUTNOROUTES);
	} else if (dst.dev !== null && (dst.dev.flags & IFF_LOOPBACK) !== 0) {
		res = true;
	} else {
		const rt = dst as rt6_info;
		let tmo = net.ipv6.sysctl.icmpv6_time;

		/* many hosts are behind a wide prefix */
		if (rt.rt6i_dst.plen < 128) tmo >>= (128 - rt.rt6i_dst.plen) >> 5;

		const peer = inet_getpeer_v6(m, net.ipv6.peers!, fl6.daddr, true);
		res = inet_peer_xrlim_allow(m, peer, tmo);
		if (peer !== null) inet_putpeer(m, peer);
	}
	dst_release(dst);
	return res;
}

/**
 * Tells whether the route of a flow prefers a source address.
 * @kernel net/ipv6/icmp.c:238 (v5.10)
 */
function icmpv6_rt_has_prefsrc(sk: sock, fl6: flowi6): boolean {
	const dst = ip6_route_output(sk.sk_net, sk, fl6);
	const res = dst.error === 0 && !ipv6_addr_any(rt6_get_prefsrc(dst as rt6_info));
	dst_release(dst);
	return res;
}

/**
 * Tells whether a parameter problem is about an unknown option that asks for an answer to multicast, too.
 * @param offset of the option from the network header
 * @kernel net/ipv6/icmp.c:264 (v5.10)
 */
function opt_unrec(skb: sk_buff, offset: number): boolean {
	const op = skb_header_pointer_off(skb, offset + skb_network_offset(skb), 1);
	if (op < 0) return true;
	return (skb.head[op] & 0xc0) === 0x80;
}

/**
 * Writes the header of the message that was put together, and sends it.
 * @param thdr header without checksum
 * @param len bytes with header
 * @kernel net/ipv6/icmp.c:275 (v5.10)
 */
export function icmpv6_push_pending_frames(
	sk: sock,
	fl6: flowi6,
	thdr: Uint8Array,
	len: number,
): void {
	const first = skb_peek(sk.sk_write_queue);
	if (first === null) return;

	const icmp6h = icmp6_hdr(first);
	const { head } = first;
	for (let i = 0; i < ICMP6HDR_LEN; i++) head[icmp6h + i] = thdr[i]!;
	put_unaligned_be16(0, head, icmp6h + ICMP6HDR_cksum);

	let tmp_csum = 0;
	for (let skb: sk_buff | null = first; skb !== null; skb = skb.next)
		tmp_csum = csum_add(tmp_csum, skb.csum);
	tmp_csum = csum_partial(head, icmp6h, ICMP6HDR_LEN, tmp_csum);
	first.csum = tmp_csum;
	put_unaligned_be16(
		csum_ipv6_magic(fl6.saddr, 0, fl6.daddr, 0, len, fl6.flowi6_proto, tmp_csum),
		head,
		icmp6h + ICMP6HDR_cksum,
	);
	ip6_push_pending_frames(sk);
}

/** What a message quotes. */
interface icmpv6_msg {
	skb: sk_buff;
	offset: number;
	type: number;
}

/**
 * Copies what a message quotes; an error takes over the connection it is about.
 * @returns 0
 * @kernel net/ipv6/icmp.c:319 (v5.10)
 */
function icmpv6_getfrag(
	msg: icmpv6_msg,
	to: Uint8Array,
	to_off: number,
	offset: number,
	len: number,
	odd: number,
	skb: sk_buff,
): number {
	const org_skb = msg.skb;
	const csum = skb_copy_and_csum_bits(org_skb, msg.offset + offset, to, to_off, len);
	skb.csum = csum_block_add(skb.csum, csum, odd);
	if ((msg.type & ICMPV6_INFOMSG_MASK) === 0) nf_ct_attach(skb, org_skb);
	return 0;
}

/**
 * Asks IPsec for the bundle of a route.
 * @kernel PORT: net/xfrm/xfrm_policy.c, through the hook of include/net/xfrm.ts
 */
function xfrm_lookup(
	net: net,
	dst: dst_entry,
	fl6: flowi6,
	sk: sock,
	flags: number,
): dst_entry | number {
	const { fn } = xfrm_lookup_ops.of(net.machine);
	return fn === null ? dst : fn.xfrm_lookup(net, dst, fl6, sk, flags);
}

/**
 * Finds the route of an error.
 * @returns referenced, or a negative errno
 * @kernel net/ipv6/icmp.c:357 (v5.10)
 */
function icmpv6_route_lookup(net: net, skb: sk_buff, sk: sock, fl6: flowi6): dst_entry | number {
	const dst0 = ip6_dst_lookup(net, sk, fl6);
	if (IS_ERR(dst0)) return dst0;

	/* no answer to an anycast source */
	if (ipv6_anycast_destination(dst0, fl6.daddr)) {
		dst_release(dst0);
		return -EINVAL;
	}

	const dst = xfrm_lookup(net, dst0, fl6, sk, 0);
	if (!IS_ERR(dst)) {
		if (dst !== dst0) return dst;
	} else if (dst !== -EPERM) {
		return dst;
	}

	/* no policy for the answer, or one that blocks it: as the packet's own flow reversed */
	const fl2 = new flowi6();
	let err = xfrm_decode_session_reverse(skb, fl2, AF_INET6);
	if (err === 0) {
		let dst2 = ip6_dst_lookup(net, sk, fl2);
		if (!IS_ERR(dst2)) dst2 = xfrm_lookup(net, dst2, fl2, sk, XFRM_LOOKUP_ICMP);
		if (!IS_ERR(dst2)) {
			if (!IS_ERR(dst)) dst_release(dst);
			return dst2;
		}
		if (dst2 === -EPERM) {
			if (!IS_ERR(dst)) dst_release(dst);
			return dst2;
		}
		err = dst2;
	}
	return IS_ERR(dst) ? err : dst;
}

/**
 * Device a packet is about: not the loopback device for local traffic.
 * @kernel net/ipv6/icmp.c:421 (v5.10)
 */
function icmp6_dev(skb: sk_buff): net_device {
	const dev = skb.dev!;

	if (dev.ifindex === LOOPBACK_IFINDEX || netif_is_l3_master(dev)) {
		const rt6 = skb_rt6_info(skb);
		if (rt6 !== null && rt6.rt6i_idev !== null) return rt6.rt6i_idev.dev;
	}
	return dev;
}

/**
 * Index of that device.
 * @kernel net/ipv6/icmp.c:440 (v5.10)
 */
function icmp6_iif(skb: sk_buff): number {
	return icmp6_dev(skb).ifindex;
}

/**
 * Answers a packet with an error, if the rules allow.
 * @param skb offending packet; stays the caller's
 * @param info pointer or MTU
 * @param force_saddr source of the answer, or null
 * @kernel net/ipv6/icmp.c:448 (v5.10)
 */
export function icmp6_send(
	skb: sk_buff,
	type: number,
	code: number,
	info: number,
	force_saddr: in6_addr | null,
): void {
	const m = skb.machine;
	const stub = ipv6_stub.of(m);
	const hdr = ipv6_hdr(skb);
	const { head, dev } = skb;

	if (hdr < 0 || hdr + IPV6HDR_LEN > skb.tail) return;

	if (dev === null) return;
	const net = dev.nd_net;
	const mark = IP6_REPLY_MARK(net, skb.mark);
	const daddr = head.slice(hdr + IPV6HDR_daddr, hdr + IPV6HDR_daddr + 16);
	let saddr: in6_addr | null = null;

	if (stub.ipv6_chk_addr(net, daddr, dev, 0) || ipv6_chk_acast_addr_src(net, dev, daddr))
		saddr = daddr;

	if (ipv6_addr_is_multicast(daddr) || skb.pkt_type !== PACKET_HOST) {
		if (
			type !== ICMPV6_PKT_TOOBIG &&
			!(
				type === ICMPV6_PARAMPROB &&
				code === ICMPV6_UNK_OPTION &&
				opt_unrec(skb, info)
			)
		)
			return;

		saddr = null;
	}

	const addr_type = ipv6_addr_type(head, hdr + IPV6HDR_saddr);

	/* the device counts for link-local sources, the VRF's table for others */
	const iif = __ipv6_addr_needs_scope_id(addr_type)
		? icmp6_iif(skb)
		: l3mdev_master_ifindex(dev);

	/* only to one known host */
	if (addr_type === IPV6_ADDR_ANY || (addr_type & IPV6_ADDR_MULTICAST) !== 0) return;

	if (is_ineligible(skb)) return;

	m.local_bh_disable();
	out_bh_enable: {
		if ((dev.flags & IFF_LOOPBACK) === 0 && !icmpv6_global_allow(net, type))
			break out_bh_enable;

		const sk = icmpv6_xmit_lock(net);
		if (sk === null) break out_bh_enable;
		const np = inet6_sk(sk)!;

		out: {
			const fl6 = new flowi6();
			fl6.flowi6_proto = IPPROTO_ICMPV6;
			ipv6_addr_copy(fl6.daddr, skb.head, 0, ipv6_hdr(skb) + IPV6HDR_saddr);
			if (force_saddr !== null) saddr = force_saddr;
			if (saddr !== null) {
				ipv6_addr_copy(fl6.saddr, saddr);
			} else if (!icmpv6_rt_has_prefsrc(sk, fl6)) {
				/* an address of the device the packet came in by says more */
				const in_netdev = dev_get_by_index(net, IP6CB(skb).iif);
				if (in_netdev !== null) {
					stub.ipv6_dev_get_saddr(
						net,
						in_netdev,
						fl6.daddr,
						np.srcprefs,
						fl6.saddr,
					);
					dev_put(in_netdev);
				}
			}
			fl6.flowi6_mark = mark;
			fl6.flowi6_oif = iif;
			fl6.fl6_icmp_type = type;
			fl6.fl6_icmp_code = code;
			fl6.mp_hash = rt6_multipath_hash(net, fl6, skb, null);

			if (!icmpv6_xrlim_allow(sk, type, fl6)) break out;

			const tmp_hdr = new Uint8Array(ICMP6HDR_LEN);
			tmp_hdr[ICMP6HDR_type] = type;
			tmp_hdr[ICMP6HDR_code] = code;
			put_unaligned_be32(info, tmp_hdr, ICMP6HDR_pointer);

			if (fl6.flowi6_oif === 0)
				fl6.flowi6_oif = ipv6_addr_is_multicast(fl6.daddr)
					? np.mcast_oif
					: np.ucast_oif;

			const ipc6 = new ipcm6_cookie();
			ipcm6_init_sk(ipc6, np);
			ipc6.sockc_mark = mark;
			fl6.flowlabel = ip6_make_flowinfo(ipc6.tclass, fl6.flowlabel);

			const dst = icmpv6_route_lookup(net, skb, sk, fl6);
			if (IS_ERR(dst)) break out;

			ipc6.hlimit = ip6_sk_dst_hoplimit(np, fl6, dst);

			const msg: icmpv6_msg = { skb, offset: skb_network_offset(skb), type };

			const len = Math.min(
				skb.len - msg.offset,
				IPV6_MIN_MTU - IPV6HDR_LEN - ICMP6HDR_LEN,
			);
			if (len >= 0) {
				const idev = __in6_dev_get(dev);

				if (
					ip6_append_data(
						sk,
						icmpv6_getfrag,
						msg,
						len + ICMP6HDR_LEN,
						ICMP6HDR_LEN,
						ipc6,
						fl6,
						dst as rt6_info,
						MSG_DONTWAIT,
					) !== 0
				) {
					ICMP6_INC_STATS(net, idev, ICMP6_MIB_OUTERRORS);
					ip6_flush_pending_frames(sk);
				} else {
					icmpv6_push_pending_frames(
						sk,
						fl6,
						tmp_hdr,
						len + ICMP6HDR_LEN,
					);
				}
			}
			dst_release(dst);
		}
		icmpv6_xmit_unlock(sk);
	}
	m.local_bh_enable();
}

/**
 * Answers a packet with a parameter problem, and drops it.
 * @param pos offset of the problem from the network header
 * @kernel net/ipv6/icmp.c:641 (v5.10)
 */
export function icmpv6_param_prob(skb: sk_buff, code: number, pos: number): void {
	icmp6_send(skb, ICMPV6_PARAMPROB, code, pos, null);
	kfree_skb(skb);
}

/**
 * Answers an echo request.
 * @param skb data behind the ICMPv6 header
 * @kernel net/ipv6/icmp.c:713 (v5.10)
 */
function icmpv6_echo_reply(skb: sk_buff): void {
	const dev = skb.dev!;
	const net = dev.nd_net;
	const m = net.machine;
	const { sysctl } = net.ipv6;
	const { head } = skb;
	const nh = ipv6_hdr(skb);
	const icmph = icmp6_hdr(skb);
	const mark = IP6_REPLY_MARK(net, skb.mark);

	if (
		ipv6_addr_is_multicast(head, nh + IPV6HDR_daddr) &&
		sysctl.icmpv6_echo_ignore_multicast !== 0
	)
		return;

	const acast = ipv6_anycast_destination(skb._dst!, head, nh + IPV6HDR_daddr);
	if (acast && sysctl.icmpv6_echo_ignore_anycast !== 0) return;

	const from_daddr =
		ipv6_unicast_destination(skb) || (sysctl.anycast_src_echo_reply !== 0 && acast);

	const tmp_hdr = head.slice(icmph, icmph + ICMP6HDR_LEN);
	tmp_hdr[ICMP6HDR_type] = ICMPV6_ECHO_REPLY;

	const fl6 = new flowi6();
	if ((sysctl.flowlabel_reflect & FLOWLABEL_REFLECT_ICMPV6_ECHO_REPLIES) !== 0)
		fl6.flowlabel = ip6_flowlabel(head, nh);

	fl6.flowi6_proto = IPPROTO_ICMPV6;
	ipv6_addr_copy(fl6.daddr, head, 0, nh + IPV6HDR_saddr);
	if (from_daddr) ipv6_addr_copy(fl6.saddr, head, 0, nh + IPV6HDR_daddr);
	fl6.flowi6_oif = icmp6_iif(skb);
	fl6.fl6_icmp_type = ICMPV6_ECHO_REPLY;
	fl6.flowi6_mark = mark;

	m.local_bh_disable();
	const sk = icmpv6_xmit_lock(net);
	if (sk !== null) {
		const np = inet6_sk(sk)!;

		out: {
			if (fl6.flowi6_oif === 0)
				fl6.flowi6_oif = ipv6_addr_is_multicast(fl6.daddr)
					? np.mcast_oif
					: np.ucast_oif;

			const dst0 = ip6_dst_lookup(net, sk, fl6);
			if (IS_ERR(dst0)) break out;
			const dst = xfrm_lookup(net, dst0, fl6, sk, 0);
			if (IS_ERR(dst)) break out;

			if (
				((dev.flags & IFF_LOOPBACK) !== 0 ||
					icmpv6_global_allow(net, ICMPV6_ECHO_REPLY)) &&
				icmpv6_xrlim_allow(sk, ICMPV6_ECHO_REPLY, fl6)
			) {
				const idev = __in6_dev_get(dev);
				const msg: icmpv6_msg = { skb, offset: 0, type: ICMPV6_ECHO_REPLY };
				const ipc6 = new ipcm6_cookie();
				ipcm6_init_sk(ipc6, np);
				ipc6.hlimit = ip6_sk_dst_hoplimit(np, fl6, dst);
				ipc6.tclass = ipv6_get_dsfield(skb);
				ipc6.sockc_mark = mark;

				if (
					ip6_append_data(
						sk,
						icmpv6_getfrag,
						msg,
						skb.len + ICMP6HDR_LEN,
						ICMP6HDR_LEN,
						ipc6,
						fl6,
						dst as rt6_info,
						MSG_DONTWAIT,
					) !== 0
				) {
					ICMP6_INC_STATS(net, idev, ICMP6_MIB_OUTERRORS);
					ip6_flush_pending_frames(sk);
				} else {
					icmpv6_push_pending_frames(
						sk,
						fl6,
						tmp_hdr,
						skb.len + ICMP6HDR_LEN,
					);
				}
			}
			dst_release(dst);
		}
		icmpv6_xmit_unlock(sk);
	}
	m.local_bh_enable();
}

/**
 * Tells the protocol of a quoted packet, and raw sockets, of an error.
 * @param skb data at the quoted IPv6 header
 * @kernel net/ipv6/icmp.c:811 (v5.10)
 */
export function icmpv6_notify(skb: sk_buff, type: number, code: number, info: number): void {
	out: {
		if (!pskb_may_pull(skb, IPV6HDR_LEN)) break out;

		let inner_offset = IPV6HDR_LEN;
		let nexthdr = skb.head[skb.data + IPV6HDR_nexthdr];
		if (ipv6_ext_hdr(nexthdr)) {
			const pos = new exthdr_pos();
			pos.nexthdr = nexthdr;
			inner_offset = ipv6_skip_exthdr(skb, IPV6HDR_LEN, pos);
			if (inner_offset < 0) break out;
			({ nexthdr } = pos);
		}

		/* with the first 8 bytes of the inner header */
		if (!pskb_may_pull(skb, inner_offset + 8)) break out;

		const ipprot = inet6_protos.of(skb.machine)[nexthdr];
		ipprot?.err_handler?.(skb, IP6CB(skb), type, code, inner_offset, info);

		ipv6_stub.of(skb.machine).raw6_icmp_error(skb, nexthdr, type, code, inner_offset, info);
		return;
	}
	ICMP6_INC_STATS(skb.dev!.nd_net, __in6_dev_get(skb.dev!), ICMP6_MIB_INERRORS);
}

/**
 * Takes an ICMPv6 message.
 * @param skb data at the ICMPv6 header
 * @returns 0
 * @kernel net/ipv6/icmp.c:859 (v5.10)
 */
function icmpv6_rcv(skb: sk_buff): number {
	const net = skb.dev!.nd_net;
	const dev = icmp6_dev(skb);
	const idev = __in6_dev_get(dev);
	let success = false;

	drop_no_count: {
		if (!xfrm6_policy_check(null, XFRM_POLICY_IN, skb)) break drop_no_count;

		ICMP6_INC_STATS(dev.nd_net, idev, ICMP6_MIB_INMSGS);

		discard_it: {
			csum_error: {
				if (__skb_checksum_validate_ip6(skb, IPPROTO_ICMPV6, true, false, 0) !== 0)
					break csum_error;

				if (!pskb_pull(skb, ICMP6HDR_LEN)) break discard_it;

				const type = skb.head[icmp6_hdr(skb) + ICMP6HDR_type];

				ICMP6MSGIN_INC_STATS(dev.nd_net, idev, type);

				switch (type) {
					case ICMPV6_ECHO_REQUEST:
						if (net.ipv6.sysctl.icmpv6_echo_ignore_all === 0)
							icmpv6_echo_reply(skb);
						break;

					case ICMPV6_ECHO_REPLY:
						success = ping_rcv(skb);
						break;

					case NDISC_ROUTER_SOLICITATION:
					case NDISC_ROUTER_ADVERTISEMENT:
					case NDISC_NEIGHBOUR_SOLICITATION:
					case NDISC_NEIGHBOUR_ADVERTISEMENT:
					case NDISC_REDIRECT:
						ndisc_rcv(skb);
						break;

					case ICMPV6_MGM_QUERY:
						igmp6_event_query(skb);
						break;

					case ICMPV6_MGM_REPORT:
						igmp6_event_report(skb);
						break;

					case ICMPV6_PKT_TOOBIG:
						if (!pskb_may_pull(skb, IPV6HDR_LEN)) break discard_it;
						notify_message(skb, type);
						break;

					default:
						/* errors, known or not; no other information is for the host */
						if ((type & ICMPV6_INFOMSG_MASK) === 0)
							notify_message(skb, type);
						break;
				}

				if (success) consume_skb(skb);
				else kfree_skb(skb);
				return 0;
			}
			ICMP6_INC_STATS(dev.nd_net, idev, ICMP6_MIB_CSUMERRORS);
		}
		ICMP6_INC_STATS(dev.nd_net, idev, ICMP6_MIB_INERRORS);
	}
	kfree_skb(skb);
	return 0;
}

/**
 * Tells of a received error.
 * @kernel PORT: icmpv6_notify(skb, type, hdr->icmp6_code, hdr->icmp6_mtu) in icmpv6_rcv()
 */
function notify_message(skb: sk_buff, type: number): void {
	const hdr = icmp6_hdr(skb);
	icmpv6_notify(
		skb,
		type,
		skb.head[hdr + ICMP6HDR_code],
		get_unaligned_be32(skb.head, hdr + ICMP6HDR_mtu),
	);
}

/**
 * Fills the flow of a message.
 * @kernel net/ipv6/icmp.c:998 (v5.10)
 */
export function icmpv6_flow_init(
	_sk: sock,
	fl6: flowi6,
	type: number,
	saddr: in6_addr,
	daddr: in6_addr,
	oif: number,
): void {
	fl6.clear();
	ipv6_addr_copy(fl6.saddr, saddr);
	ipv6_addr_copy(fl6.daddr, daddr);
	fl6.flowi6_proto = IPPROTO_ICMPV6;
	fl6.fl6_icmp_type = type;
	fl6.fl6_icmp_code = 0;
	fl6.flowi6_oif = oif;
}

/**
 * Ends a namespace: its control socket.
 * @kernel net/ipv6/icmp.c:1014 (v5.10)
 */
function icmpv6_sk_exit(net: net): void {
	inet_ctl_sock_destroy(net.ipv6.icmp_sk);
	net.ipv6.icmp_sk = null;
}

/**
 * Begins a namespace: its control socket.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/icmp.c:1023 (v5.10)
 */
function icmpv6_sk_init(net: net): number {
	const sk = inet_ctl_sock_create(PF_INET6, SOCK_RAW, IPPROTO_ICMPV6, net);
	if (IS_ERR(sk)) {
		net.machine.printk(
			`ICMPv6: Failed to initialize the ICMP6 control socket (err ${sk})`,
		);
		return sk;
	}
	net.ipv6.icmp_sk = sk;

	/* enough for two datagrams of the largest size */
	sk.sk_sndbuf = 2 * SKB_TRUESIZE(64 * 1024);
	return 0;
}

const icmpv6_sk_ops: pernet_operations = {
	init: icmpv6_sk_init,
	exit: icmpv6_sk_exit,
};

/**
 * Starts ICMPv6 on a machine.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/icmp.c:1060 (v5.10)
 */
export function icmpv6_init(m: Machine): number {
	const stub = ipv6_stub.of(m);
	stub.icmpv6_flow_init = icmpv6_flow_init;
	stub.icmpv6_param_prob = icmpv6_param_prob;
	stub.icmpv6_notify = icmpv6_notify;

	const err = register_pernet_subsys(m, icmpv6_sk_ops);
	if (err < 0) return err;

	if (inet6_add_protocol(m, icmpv6_protocol, IPPROTO_ICMPV6) < 0) {
		m.printk('Failed to register ICMP6 protocol');
		return -EAGAIN;
	}

	return inet6_register_icmp_sender(m, icmp6_send);
}

/** What destination unreachable codes mean: errno, and whether a connection cannot recover. */
const tab_unreach: readonly (readonly [number, number])[] = [
	[ENETUNREACH, 0],
	[EACCES, 1],
	[EHOSTUNREACH, 0],
	[EHOSTUNREACH, 0],
	[ECONNREFUSED, 1],
	[EACCES, 1],
	[EACCES, 1],
];

/**
 * Turns a received error into an errno.
 * @param err takes a positive errno
 * @returns 1 when a connection cannot recover, else 0
 * @kernel net/ipv6/icmp.c:1127 (v5.10)
 */
export function icmpv6_err_convert(type: number, code: number, err: { err: number }): number {
	let fatal = 0;

	err.err = EPROTO;

	switch (type) {
		case ICMPV6_DEST_UNREACH:
			fatal = 1;
			if (code < tab_unreach.length) [err.err, fatal] = tab_unreach[code];
			break;

		case ICMPV6_PKT_TOOBIG:
			err.err = EMSGSIZE;
			break;

		case ICMPV6_PARAMPROB:
			err.err = EPROTO;
			fatal = 1;
			break;

		case ICMPV6_TIME_EXCEED:
			err.err = EHOSTUNREACH;
			break;
	}
	return fatal;
}

/**
 * Bits of a map as ranges.
 * @kernel PORT: kernel/sysctl.c proc_do_large_bitmap, reading
 */
function bitmap_show(map: Uint32Array): string {
	const out: string[] = [];
	const bits = map.length * 32;
	for (let a = 0; a < bits; a++) {
		if ((map[a >> 5] & (1 << (a & 31))) === 0) continue;
		let b = a;
		while (b + 1 < bits && (map[(b + 1) >> 5] & (1 << ((b + 1) & 31))) !== 0) b++;
		out.push(a === b ? String(a) : `${a}-${b}`);
		a = b;
	}
	return out.join(',');
}

/**
 * Sets a map from ranges.
 * @returns 0 or -EINVAL
 * @kernel PORT: kernel/sysctl.c proc_do_large_bitmap, writing
 */
function bitmap_store(map: Uint32Array, text: string): number {
	const next = new Uint32Array(map.length);
	for (const part of text.trim().split(',')) {
		if (part === '') continue;
		const r = /^(\d+)(?:-(\d+))?$/.exec(part);
		if (r === null) return -EINVAL;
		const a = Number(r[1]);
		const b = r[2] !== undefined ? Number(r[2]) : a;
		if (a >= map.length * 32 || b >= map.length * 32 || b < a) return -EINVAL;
		for (let i = a; i <= b; i++) next[i >> 5] |= 1 << (i & 31);
	}
	map.set(next);
	return 0;
}

/**
 * Entries of net/ipv6/icmp.
 * @kernel net/ipv6/icmp.c:1200 (v5.10)
 */
export function ipv6_icmp_sysctl_init(net: net): ctl_table[] {
	const s = net.ipv6.sysctl;
	return [
		proc_dointvec(
			'ratelimit',
			() => jiffies_to_msecs(s.icmpv6_time),
			(v) => (s.icmpv6_time = msecs_to_jiffies(v)),
		),
		proc_dointvec(
			'echo_ignore_all',
			() => s.icmpv6_echo_ignore_all,
			(v) => (s.icmpv6_echo_ignore_all = v),
		),
		proc_dointvec(
			'echo_ignore_multicast',
			() => s.icmpv6_echo_ignore_multicast,
			(v) => (s.icmpv6_echo_ignore_multicast = v),
		),
		proc_dointvec(
			'echo_ignore_anycast',
			() => s.icmpv6_echo_ignore_anycast,
			(v) => (s.icmpv6_echo_ignore_anycast = v),
		),
		{
			procname: 'ratemask',
			mode: 0o644,
			show: () => bitmap_show(s.icmpv6_ratemask),
			store: (text) => bitmap_store(s.icmpv6_ratemask, text),
		},
	];
}
