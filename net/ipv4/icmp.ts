// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/icmp.c, base v5.10: ICMP: echo, errors sent and received, rate limits.
 *
 * PORT: the control socket is one a namespace. __icmp_send() is reached by everyone else through icmp_send() of
 * include/net/icmp.ts. The message that is put together is an object of the namespace; a second one can
 * only begin while the first is being sent, and finds the control socket taken, as in C.
 * Not ported: icmp_ndo_send() (tunnels), RFC 4884 extensions.
 */
import {
	get_unaligned_be16,
	get_unaligned_be32,
	put_unaligned_be16,
	put_unaligned_be32,
} from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { ip_daddr, ip_saddr } from '../../include/linux/ip.ts';
import { HZ, machine_var, prandom_u32_max, type Machine } from '../../include/linux/machine.ts';
import { NET_RX_DROP, NET_RX_SUCCESS, type net_device } from '../../include/linux/netdevice.ts';
import {
	CHECKSUM_NONE,
	PACKET_HOST,
	skb_network_offset,
	skb_peek,
	skb_set_network_header,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import { AF_INET, MSG_DONTWAIT, SOCK_RAW } from '../../include/linux/socket.ts';
import type { __be16, __be32 } from '../../include/linux/types.ts';
import { csum_add, csum_block_add, csum_fold, csum_partial } from '../../include/net/checksum.ts';
import { dst_mtu, dst_release, skb_dst_set } from '../../include/net/dst.ts';
import { flowi4 } from '../../include/net/flow.ts';
import { inet_sk, ip_options_rcu, type ip_options } from '../../include/net/inet_sock.ts';
import { IP4_REPLY_MARK, IP_OFFSET, IPCB, ipcm_cookie, ipcm_init } from '../../include/net/ip.ts';
import { ipv4_stub } from '../../include/net/ipv4_stubs.ts';
import { l3mdev_master_ifindex } from '../../include/net/l3mdev.ts';
import { pernet_var, type net, type pernet_operations } from '../../include/net/net_namespace.ts';
import { inet_protos, type net_protocol } from '../../include/net/protocol.ts';
import {
	RT_TOS,
	rt_is_input_route,
	RTCF_BROADCAST,
	RTCF_LOCAL,
	RTCF_MULTICAST,
	type rtable,
} from '../../include/net/route.ts';
import { ICMP_INC_STATS, ICMPMSGIN_INC_STATS } from '../../include/net/snmp.ts';
import {
	SOCK_USE_WRITE_QUEUE,
	sock_net,
	sock_set_flag,
	type sock,
} from '../../include/net/sock.ts';
import {
	xfrm4_policy_check,
	xfrm4_policy_check_reverse,
	xfrm_decode_session_reverse,
	XFRM_LOOKUP_ICMP,
	xfrm_lookup_ops,
	xfrm_policy_check_ops,
	XFRM_POLICY_IN,
} from '../../include/net/xfrm.ts';
import { EPERM } from '../../include/uapi/linux/errno.ts';
import {
	ICMP_ADDRESS,
	ICMP_ADDRESSREPLY,
	ICMP_DEST_UNREACH,
	ICMP_ECHO,
	ICMP_ECHOREPLY,
	ICMP_EXC_FRAGTIME,
	ICMP_FRAG_NEEDED,
	ICMP_HOST_UNREACH,
	ICMP_INFO_REPLY,
	ICMP_INFO_REQUEST,
	ICMP_NET_UNREACH,
	ICMP_PARAMETERPROB,
	ICMP_PORT_UNREACH,
	ICMP_PROT_UNREACH,
	ICMP_REDIRECT,
	ICMP_SOURCE_QUENCH,
	ICMP_TIME_EXCEEDED,
	ICMP_TIMESTAMP,
	ICMP_TIMESTAMPREPLY,
	ICMPHDR_checksum,
	ICMPHDR_code,
	ICMPHDR_LEN,
	ICMPHDR_type,
	ICMPHDR_un_frag_mtu,
	ICMPHDR_un_gateway,
	NR_ICMP_TYPES,
	NR_ICMP_UNREACH,
} from '../../include/uapi/linux/icmp.ts';
import { IFF_LOOPBACK } from '../../include/uapi/linux/if.ts';
import { IP_PMTUDISC_DONT, IPPROTO_ICMP } from '../../include/uapi/linux/in.ts';
import {
	IPHDR_daddr,
	IPHDR_frag_off,
	IPHDR_LEN,
	IPHDR_protocol,
	IPHDR_tos,
	IPTOS_PREC_INTERNETCONTROL,
} from '../../include/uapi/linux/ip.ts';
import { RT_SCOPE_LINK, RTN_BROADCAST, RTN_LOCAL } from '../../include/uapi/linux/rtnetlink.ts';
import {
	ICMP_MIB_CSUMERRORS,
	ICMP_MIB_INERRORS,
	ICMP_MIB_INMSGS,
	ICMP_MIB_INTIMEEXCDS,
	ICMP_MIB_OUTERRORS,
} from '../../include/uapi/linux/snmp.ts';
import { dev_get_by_index_rcu } from '../core/dev.ts';
import { __skb_checksum_validate, null_compute_pseudo } from '../core/datagram.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import {
	consume_skb,
	kfree_skb,
	pskb_may_pull,
	pskb_pull,
	skb_copy_and_csum_bits,
	skb_copy_bits,
	skb_header_pointer_off,
	SKB_TRUESIZE,
} from '../core/skbuff.ts';
import { nf_ct_attach } from '../netfilter/core.ts';
import { inet_select_addr } from './devinet.ts';
import { fib_compute_spec_dst, inet_addr_type_dev_table } from './fib_frontend.ts';
import { inet_ctl_sock_create, inet_ctl_sock_destroy } from './inet_common.ts';
import { inet_getpeer_v4, inet_peer_xrlim_allow, inet_putpeer } from './inetpeer.ts';
import { __ip_options_echo, inet_current_timestamp, ip_options_echo } from './ip_options.ts';
import {
	ip_append_data,
	ip_flush_pending_frames,
	ip_push_pending_frames,
	rtable_ref,
} from './ip_output.ts';
import { ping_err, ping_rcv } from './ping.ts';
import { raw_icmp_error } from './raw.ts';
import {
	__ip_route_output_key,
	inet_iif,
	ip_route_input,
	ip_route_output_key,
	ip_route_output_key_hash,
	ip_rt_put,
	ipv4_redirect,
	ipv4_update_pmtu,
} from './route.ts';

/** A message that is put together. */
class icmp_bxm {
	skb: sk_buff | null = null;
	offset = 0;
	data_len = 0;
	/** data.icmph and data.times: head_len bytes of them are sent. */
	readonly data = new Uint8Array(ICMPHDR_LEN + 12);
	head_len = 0;
	/** PORT: ip_options_rcu with its data, which C appends in ip_options_data. */
	readonly replyopts = new ip_options_rcu();
	readonly ipc = new ipcm_cookie();
	readonly fl4 = new flowi4();
	readonly rtp = new rtable_ref();
}

/** What is done with a type of message. */
interface icmp_control {
	handler: (skb: sk_buff) => boolean;
	/** An error: it is not answered with an error, and it quotes a packet. */
	error: boolean;
}

/** Globals of the file. */
class icmp_globals {
	sysctl_icmp_msgs_per_sec = 1000;
	sysctl_icmp_msgs_burst = 50;
	/* icmp_global */
	credit = 0;
	/** Jiffies. */
	stamp = 0;
	readonly fl4_dec = new flowi4();
	readonly fl4_2 = new flowi4();
}
export const icmp_global = machine_var(() => new icmp_globals());

/** What belongs to a namespace's control socket. */
const icmp_xmit = pernet_var(() => ({
	/** sk_lock.slock of the control socket. */
	locked: false,
	/** Answer and error that are put together. */
	reply: new icmp_bxm(),
	error: new icmp_bxm(),
}));

/**
 * Control socket of a namespace.
 * @kernel net/ipv4/icmp.c:202 (v5.10)
 */
function icmp_sk(net: net): sock {
	return net.ipv4.icmp_sk!;
}

/**
 * Takes the control socket.
 * @returns null when a message is being sent already
 * @kernel net/ipv4/icmp.c:208 (v5.10)
 */
function icmp_xmit_lock(net: net): sock | null {
	const x = icmp_xmit.of(net);
	if (x.locked || net.ipv4.icmp_sk === null) return null;
	x.locked = true;
	return icmp_sk(net);
}

/**
 * Gives the control socket back.
 * @kernel net/ipv4/icmp.c:223 (v5.10)
 */
function icmp_xmit_unlock(sk: sock): void {
	icmp_xmit.of(sock_net(sk)).locked = false;
}

/**
 * Tells whether the machine may send one more limited message: a token bucket with a random cost.
 * @kernel net/ipv4/icmp.c:246 (v5.10)
 */
export function icmp_global_allow(m: Machine): boolean {
	const g = icmp_global.of(m);
	const now = m.jiffies;
	let incr = 0;
	if (g.credit === 0 && Math.min(now - g.stamp, HZ) < HZ / 50) return false;
	const delta = Math.min(now - g.stamp, HZ);
	if (delta >= HZ / 50) {
		incr = Math.floor((g.sysctl_icmp_msgs_per_sec * delta) / HZ);
		if (incr !== 0) g.stamp = now;
	}
	let credit = Math.min(g.credit + incr, g.sysctl_icmp_msgs_burst);
	let rc = false;
	if (credit !== 0) {
		credit = Math.max(credit - prandom_u32_max(m, 3), 0);
		rc = true;
	}
	g.credit = credit;
	return rc;
}

/**
 * Tells whether a message is not subject to limits.
 * @kernel net/ipv4/icmp.c:282 (v5.10)
 */
function icmpv4_mask_allow(net: net, type: number, code: number): boolean {
	if (type > NR_ICMP_TYPES) return true;
	if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED) return true;
	return ((1 << type) & net.ipv4.sysctl_icmp_ratemask) === 0;
}

/**
 * Tells whether the machine's limit lets a message be sent.
 * @kernel net/ipv4/icmp.c:298 (v5.10)
 */
function icmpv4_global_allow(net: net, type: number, code: number): boolean {
	return icmpv4_mask_allow(net, type, code) || icmp_global_allow(net.machine);
}

/**
 * Tells whether the limit of the host it goes to lets a message be sent.
 * @kernel net/ipv4/icmp.c:313 (v5.10)
 */
function icmpv4_xrlim_allow(
	net: net,
	rt: rtable,
	fl4: flowi4,
	type: number,
	code: number,
): boolean {
	if (icmpv4_mask_allow(net, type, code)) return true;
	if (rt.dev !== null && (rt.dev.flags & IFF_LOOPBACK) !== 0) return true;
	if (net.ipv4.peers === null) return true;
	const m = net.machine;
	const vif = l3mdev_master_ifindex(rt.dev);
	const peer = inet_getpeer_v4(m, net.ipv4.peers, fl4.daddr, vif, true);
	const rc = inet_peer_xrlim_allow(m, peer, net.ipv4.sysctl_icmp_ratelimit);
	if (peer !== null) inet_putpeer(m, peer);
	return rc;
}

/**
 * getfrag of a message: quotes the packet; an error joins the packet's connection.
 * @kernel net/ipv4/icmp.c:350 (v5.10)
 */
function icmp_glue_bits(
	icmp_param: icmp_bxm,
	to: Uint8Array,
	to_off: number,
	offset: number,
	len: number,
	odd: number,
	skb: sk_buff,
): number {
	const from = icmp_param.skb!;
	const csum = skb_copy_and_csum_bits(from, icmp_param.offset + offset, to, to_off, len);
	skb.csum = csum_block_add(skb.csum, csum, odd);
	if (icmp_pointers[icmp_param.data[ICMPHDR_type]].error) nf_ct_attach(skb, from);
	return 0;
}

/**
 * Sends a message on a route.
 * @kernel net/ipv4/icmp.c:366 (v5.10)
 */
function icmp_push_reply(p: icmp_bxm, fl4: flowi4, ipc: ipcm_cookie, rt: rtable_ref): void {
	const sk = icmp_sk(rt.rt!.dev!.nd_net);
	if (
		ip_append_data(
			sk,
			fl4,
			icmp_glue_bits,
			p,
			p.data_len + p.head_len,
			p.head_len,
			ipc,
			rt,
			MSG_DONTWAIT,
		) < 0
	) {
		ICMP_INC_STATS(sock_net(sk), ICMP_MIB_OUTERRORS);
		ip_flush_pending_frames(sk);
		return;
	}
	const skb = skb_peek(sk.sk_write_queue);
	if (skb === null) return;
	const icmph = skb.transport_header;
	for (let i = 0; i < p.head_len; i++) skb.head[icmph + i] = p.data[i];
	let csum = csum_partial(p.data, 0, p.head_len, 0);
	for (let skb1: sk_buff | null = skb; skb1 !== null; skb1 = skb1.next)
		csum = csum_add(csum, skb1.csum);
	put_unaligned_be16(csum_fold(csum), skb.head, icmph + ICMPHDR_checksum);
	skb.ip_summed = CHECKSUM_NONE;
	ip_push_pending_frames(sk, fl4);
}

/**
 * Lets go of a route that was not taken over.
 * @kernel PORT: ip_rt_put(*rt), a null pointer being allowed
 */
function put_route(rtp: rtable_ref): void {
	if (rtp.rt !== null) ip_rt_put(rtp.rt);
	rtp.rt = null;
}

/**
 * Answers a message with one that was put together.
 * @kernel net/ipv4/icmp.c:401 (v5.10)
 */
function icmp_reply(p: icmp_bxm, skb: sk_buff): void {
	const net = skb._dst!.dev!.nd_net;
	const m = net.machine;
	const mark = IP4_REPLY_MARK(net, skb.mark);
	const type = p.data[ICMPHDR_type];
	const code = p.data[ICMPHDR_code];
	if (ip_options_echo(net, p.replyopts.opt, skb) !== 0) return;
	m.local_bh_disable();
	out_bh_enable: {
		if (!icmpv4_global_allow(net, type, code)) break out_bh_enable;
		const sk = icmp_xmit_lock(net);
		if (sk === null) break out_bh_enable;
		const inet = inet_sk(sk);
		const { ipc, fl4, rtp } = p;
		put_unaligned_be16(0, p.data, ICMPHDR_checksum);
		ipcm_init(ipc);
		const tos = skb.head[skb.network_header + IPHDR_tos];
		inet.tos = tos;
		ipc.sockc.mark = mark;
		let daddr = ip_saddr(skb);
		ipc.addr = daddr;
		const saddr = fib_compute_spec_dst(skb);
		if (p.replyopts.opt.optlen !== 0) {
			ipc.opt = p.replyopts;
			if (ipc.opt.opt.srr !== 0) daddr = p.replyopts.opt.faddr;
		}
		fl4.clear();
		fl4.daddr = daddr;
		fl4.saddr = saddr;
		fl4.flowi4_mark = mark;
		fl4.flowi4_tos = RT_TOS(tos);
		fl4.flowi4_proto = IPPROTO_ICMP;
		fl4.flowi4_oif = l3mdev_master_ifindex(skb.dev);
		const rt = ip_route_output_key(net, fl4);
		if (!IS_ERR(rt)) {
			rtp.rt = rt;
			if (icmpv4_xrlim_allow(net, rt, fl4, type, code))
				icmp_push_reply(p, fl4, ipc, rtp);
			put_route(rtp);
		}
		icmp_xmit_unlock(sk);
	}
	m.local_bh_enable();
}

/**
 * Device by whose VRF the route of an error is looked up.
 * @kernel net/ipv4/icmp.c:469 (v5.10)
 */
function icmp_get_route_lookup_dev(skb: sk_buff): net_device | null {
	if (skb.dev !== null) return skb.dev;
	return skb._dst !== null ? skb._dst.dev : null;
}

/**
 * Finds the route of an error; through IPsec, by the flow of the packet that is answered, the other way
 * round.
 * @param fl4 gets the flow
 * @returns the route or a negative errno
 * @kernel net/ipv4/icmp.c:480 (v5.10)
 */
function icmp_route_lookup(
	net: net,
	fl4: flowi4,
	skb_in: sk_buff,
	saddr: __be32,
	tos: number,
	mark: number,
	type: number,
	code: number,
	param: icmp_bxm,
): rtable | number {
	const g = icmp_global.of(net.machine);
	const opt = param.replyopts.opt;
	fl4.clear();
	fl4.daddr = opt.srr !== 0 ? opt.faddr : ip_saddr(skb_in);
	fl4.saddr = saddr;
	fl4.flowi4_mark = mark;
	fl4.flowi4_tos = RT_TOS(tos);
	fl4.flowi4_proto = IPPROTO_ICMP;
	fl4.fl4_icmp_type = type;
	fl4.fl4_icmp_code = code;
	const route_lookup_dev = icmp_get_route_lookup_dev(skb_in);
	fl4.flowi4_oif = l3mdev_master_ifindex(route_lookup_dev);
	const plain = ip_route_output_key_hash(net, fl4, skb_in);
	if (IS_ERR(plain)) return plain;
	const xfrm = xfrm_lookup_ops.of(net.machine).fn;
	if (xfrm === null) return plain;

	let rt: rtable | null = null;
	const bundle = xfrm.xfrm_lookup(net, plain, fl4, null, 0);
	if (!IS_ERR(bundle)) {
		if (bundle !== plain) return bundle as rtable;
		rt = plain;
	} else if (bundle !== -EPERM) {
		return bundle;
	}
	let err = 0;
	relookup_failed: {
		const fl4_dec = g.fl4_dec;
		err = xfrm_decode_session_reverse(skb_in, fl4_dec, AF_INET);
		if (err !== 0) break relookup_failed;
		let rt2: rtable | null = null;
		if (inet_addr_type_dev_table(net, route_lookup_dev, fl4_dec.saddr) === RTN_LOCAL) {
			const r = __ip_route_output_key(net, fl4_dec);
			if (IS_ERR(r)) err = r;
			else rt2 = r;
		} else {
			const fl4_2 = g.fl4_2;
			fl4_2.clear();
			fl4_2.daddr = fl4_dec.saddr;
			const r = ip_route_output_key(net, fl4_2);
			if (IS_ERR(r)) {
				err = r;
				break relookup_failed;
			}
			const odst = skb_in._dst;
			const onoref = skb_in._dst_noref;
			skb_dst_set(skb_in, null);
			err = ip_route_input(
				skb_in,
				fl4_dec.daddr,
				fl4_dec.saddr,
				RT_TOS(tos),
				r.dev!,
			);
			dst_release(r);
			rt2 = skb_in._dst as rtable | null;
			skb_in._dst = odst;
			skb_in._dst_noref = onoref;
		}
		if (err !== 0 || rt2 === null) break relookup_failed;
		const b2 = xfrm.xfrm_lookup(net, rt2, fl4_dec, null, XFRM_LOOKUP_ICMP);
		if (!IS_ERR(b2)) {
			dst_release(rt);
			fl4.copy(fl4_dec);
			return b2 as rtable;
		}
		if (b2 === -EPERM) {
			dst_release(rt);
			return b2;
		}
		err = b2;
	}
	return rt !== null ? rt : err;
}

/**
 * Answers a packet with an ICMP error, unless it is itself one, a later fragment, or not for one host.
 * @param skb_in packet with a destination and an IP header
 * @param info word behind the checksum, network order
 * @param opt options of the packet
 * @kernel net/ipv4/icmp.c:591 (v5.10)
 */
export function __icmp_send(
	skb_in: sk_buff,
	type: number,
	code: number,
	info: number,
	opt: ip_options,
): void {
	const rt0 = skb_in._dst as rtable | null;
	if (rt0 === null) return;
	let net: net;
	if (rt0.dev !== null) net = rt0.dev.nd_net;
	else if (skb_in.dev !== null) net = skb_in.dev.nd_net;
	else return;
	const m = net.machine;
	const head = skb_in.head;
	const iph = skb_in.network_header;
	if (iph < 0 || iph + IPHDR_LEN > skb_in.tail) return;
	if (skb_in.pkt_type !== PACKET_HOST) return;
	if ((rt0.rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0) return;
	if ((get_unaligned_be16(head, iph + IPHDR_frag_off) & IP_OFFSET) !== 0) return;
	if (icmp_pointers[type].error && head[iph + IPHDR_protocol] === IPPROTO_ICMP) {
		const off = iph + (head[iph] & 0xf) * 4 + ICMPHDR_type - skb_in.data;
		const itp = skb_header_pointer_off(skb_in, off, 1);
		if (itp < 0) return;
		const inner = skb_in.head[itp];
		if (inner > NR_ICMP_TYPES || icmp_pointers[inner].error) return;
	}
	m.local_bh_disable();
	icmp_send_locked(net, skb_in, rt0, type, code, info, opt);
	m.local_bh_enable();
}

/**
 * The part of __icmp_send() with bottom halves off.
 * @kernel PORT: part of __icmp_send()
 */
function icmp_send_locked(
	net: net,
	skb_in: sk_buff,
	rt0: rtable,
	type: number,
	code: number,
	info: number,
	opt: ip_options,
): void {
	const from_lo = skb_in.dev !== null && (skb_in.dev.flags & IFF_LOOPBACK) !== 0;
	if (!from_lo && !icmpv4_global_allow(net, type, code)) return;
	const sk = icmp_xmit_lock(net);
	if (sk === null) return;
	out_unlock: {
		const p = icmp_xmit.of(net).error;
		const { ipc, fl4, rtp } = p;
		let saddr = ip_daddr(skb_in);
		if ((rt0.rt_flags & RTCF_LOCAL) === 0) {
			let dev: net_device | null = null;
			if (
				rt_is_input_route(rt0) &&
				net.ipv4.sysctl_icmp_errors_use_inbound_ifaddr !== 0
			)
				dev = dev_get_by_index_rcu(net, inet_iif(skb_in));
			saddr =
				dev !== null
					? inet_select_addr(dev, ip_saddr(skb_in), RT_SCOPE_LINK)
					: (0 as __be32);
		}
		const iph_tos = skb_in.head[skb_in.network_header + IPHDR_tos];
		const tos = icmp_pointers[type].error
			? RT_TOS(iph_tos) | IPTOS_PREC_INTERNETCONTROL
			: iph_tos;
		const mark = IP4_REPLY_MARK(net, skb_in.mark);
		if (__ip_options_echo(net, p.replyopts.opt, skb_in, opt) !== 0) break out_unlock;
		p.data.fill(0, 0, ICMPHDR_LEN);
		p.data[ICMPHDR_type] = type;
		p.data[ICMPHDR_code] = code;
		put_unaligned_be32(info, p.data, ICMPHDR_un_gateway);
		p.skb = skb_in;
		p.offset = skb_network_offset(skb_in);
		inet_sk(sk).tos = tos;
		ipcm_init(ipc);
		ipc.addr = ip_saddr(skb_in);
		ipc.opt = p.replyopts;
		ipc.sockc.mark = mark;
		const rt = icmp_route_lookup(net, fl4, skb_in, saddr, tos, mark, type, code, p);
		if (IS_ERR(rt)) break out_unlock;
		rtp.rt = rt;
		if (icmpv4_xrlim_allow(net, rt, fl4, type, code)) {
			let room = dst_mtu(rt);
			if (room > 576) room = 576;
			room -= IPHDR_LEN + p.replyopts.opt.optlen;
			room -= ICMPHDR_LEN;
			p.data_len = skb_in.len - p.offset;
			if (p.data_len > room) p.data_len = room;
			p.head_len = ICMPHDR_LEN;
			icmp_push_reply(p, fl4, ipc, rtp);
		}
		put_route(rtp);
		p.skb = null;
	}
	icmp_xmit_unlock(sk);
}

/**
 * Gives an error to raw sockets and to the transport that sent the quoted packet.
 * @param info MTU, gateway or pointer
 * @kernel net/ipv4/icmp.c:807 (v5.10)
 */
function icmp_socket_deliver(skb: sk_buff, info: number): void {
	const iph = skb.data;
	const protocol = skb.head[iph + IPHDR_protocol];
	/* The transports look at the first eight bytes behind the quoted header. */
	if (!pskb_may_pull(skb, (skb.head[iph] & 0xf) * 4 + 8)) {
		ICMP_INC_STATS(skb.dev!.nd_net, ICMP_MIB_INERRORS);
		return;
	}
	raw_icmp_error(skb, protocol, info);
	inet_protos.of(skb.machine)[protocol]?.err_handler?.(skb, info);
}

/**
 * Tells whether a transport checks that an error really answers one of its packets.
 * PORT: C does not look whether there is such a protocol; a missing one counts as not checking.
 * @kernel net/ipv4/icmp.c:828 (v5.10)
 */
function icmp_tag_validation(m: Machine, proto: number): boolean {
	const ipprot: net_protocol | null = inet_protos.of(m)[proto];
	return ipprot !== null && ipprot.icmp_strict_tag_validation;
}

/**
 * Takes an error: unreachable, time exceeded, parameter problem, source quench.
 * @returns false when it is broken
 * @kernel net/ipv4/icmp.c:843 (v5.10)
 */
function icmp_unreach(skb: sk_buff): boolean {
	const net = skb._dst!.dev!.nd_net;
	let info = 0;
	if (!pskb_may_pull(skb, IPHDR_LEN)) {
		ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
		return false;
	}
	const icmph = skb.transport_header;
	const iph = skb.data;
	const type = skb.head[icmph + ICMPHDR_type];
	const code = skb.head[icmph + ICMPHDR_code];
	if ((skb.head[iph] & 0xf) < 5) {
		ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
		return false;
	}
	switch (type) {
		case ICMP_DEST_UNREACH:
			switch (code & 15) {
				case ICMP_NET_UNREACH:
				case ICMP_HOST_UNREACH:
				case ICMP_PROT_UNREACH:
				case ICMP_PORT_UNREACH:
					break;
				case ICMP_FRAG_NEEDED:
					switch (net.ipv4.sysctl_ip_no_pmtu_disc) {
						default:
							break;
						case 2:
							return true;
						case 3:
							if (
								!icmp_tag_validation(
									net.machine,
									skb.head[
										iph + IPHDR_protocol
									],
								)
							)
								return true;
							info = get_unaligned_be16(
								skb.head,
								icmph + ICMPHDR_un_frag_mtu,
							);
							break;
						case 0:
							info = get_unaligned_be16(
								skb.head,
								icmph + ICMPHDR_un_frag_mtu,
							);
							break;
					}
					break;
				default:
					break;
			}
			if (code > NR_ICMP_UNREACH) return true;
			break;
		case ICMP_PARAMETERPROB:
			info = skb.head[icmph + ICMPHDR_un_gateway];
			break;
		case ICMP_TIME_EXCEEDED:
			ICMP_INC_STATS(net, ICMP_MIB_INTIMEEXCDS);
			if (code === ICMP_EXC_FRAGTIME) return true;
			break;
	}
	if (
		net.ipv4.sysctl_icmp_ignore_bogus_error_responses === 0 &&
		inet_addr_type_dev_table(
			net,
			skb.dev,
			get_unaligned_be32(skb.head, iph + IPHDR_daddr),
		) === RTN_BROADCAST
	) {
		net.machine.printk(
			`icmp: invalid ICMP type ${type}, code ${code} error to a broadcast on ${skb.dev!.name}`,
		);
		return true;
	}
	icmp_socket_deliver(skb, info);
	return true;
}

/**
 * Takes a redirect.
 * @returns false when it is broken
 * @kernel net/ipv4/icmp.c:956 (v5.10)
 */
function icmp_redirect(skb: sk_buff): boolean {
	if (skb.len < IPHDR_LEN) {
		ICMP_INC_STATS(skb.dev!.nd_net, ICMP_MIB_INERRORS);
		return false;
	}
	if (!pskb_may_pull(skb, IPHDR_LEN)) return false;
	icmp_socket_deliver(
		skb,
		get_unaligned_be32(skb.head, skb.transport_header + ICMPHDR_un_gateway),
	);
	return true;
}

/**
 * Answers an echo request.
 * @kernel net/ipv4/icmp.c:984 (v5.10)
 */
function icmp_echo(skb: sk_buff): boolean {
	const net = skb._dst!.dev!.nd_net;
	if (net.ipv4.sysctl_icmp_echo_ignore_all === 0) {
		const p = icmp_xmit.of(net).reply;
		for (let i = 0; i < ICMPHDR_LEN; i++)
			p.data[i] = skb.head[skb.transport_header + i];
		p.data[ICMPHDR_type] = ICMP_ECHOREPLY;
		p.skb = skb;
		p.offset = 0;
		p.data_len = skb.len;
		p.head_len = ICMPHDR_LEN;
		icmp_reply(p, skb);
		p.skb = null;
	}
	return true;
}

/**
 * Answers a timestamp request.
 * @returns false when it is broken
 * @kernel net/ipv4/icmp.c:1011 (v5.10)
 */
function icmp_timestamp(skb: sk_buff): boolean {
	const net = skb._dst!.dev!.nd_net;
	if (skb.len < 4) {
		ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
		return false;
	}
	const p = icmp_xmit.of(net).reply;
	const now = inet_current_timestamp(skb.machine);
	skb_copy_bits(skb, 0, p.data, ICMPHDR_LEN, 4);
	put_unaligned_be32(now, p.data, ICMPHDR_LEN + 4);
	put_unaligned_be32(now, p.data, ICMPHDR_LEN + 8);
	for (let i = 0; i < ICMPHDR_LEN; i++) p.data[i] = skb.head[skb.transport_header + i];
	p.data[ICMPHDR_type] = ICMP_TIMESTAMPREPLY;
	p.data[ICMPHDR_code] = 0;
	p.skb = skb;
	p.offset = 0;
	p.data_len = 0;
	p.head_len = ICMPHDR_LEN + 12;
	icmp_reply(p, skb);
	p.skb = null;
	return true;
}

/**
 * Takes a message that means nothing to this host.
 * @kernel net/ipv4/icmp.c:1043 (v5.10)
 */
function icmp_discard(_skb: sk_buff): boolean {
	return true;
}

/**
 * Takes an ICMP packet, data at its header.
 * @returns NET_RX_SUCCESS or NET_RX_DROP
 * @kernel net/ipv4/icmp.c:1052 (v5.10)
 */
export function icmp_rcv(skb: sk_buff): number {
	const rt = skb._dst as rtable;
	const net = rt.dev!.nd_net;
	drop: {
		if (!xfrm4_policy_check(null, XFRM_POLICY_IN, skb)) {
			if (xfrm_policy_check_ops.of(skb.machine).fn?.state_icmp(skb) !== true)
				break drop;
			if (!pskb_may_pull(skb, ICMPHDR_LEN + IPHDR_LEN)) break drop;
			const nh = skb_network_offset(skb);
			skb_set_network_header(skb, ICMPHDR_LEN);
			if (!xfrm4_policy_check_reverse(null, XFRM_POLICY_IN, skb)) break drop;
			skb_set_network_header(skb, nh);
		}
		ICMP_INC_STATS(net, ICMP_MIB_INMSGS);
		error: {
			if (__skb_checksum_validate(skb, 0, true, false, 0, null_compute_pseudo) !== 0) {
				ICMP_INC_STATS(net, ICMP_MIB_CSUMERRORS);
				break error;
			}
			if (!pskb_pull(skb, ICMPHDR_LEN)) break error;
			const type = skb.head[skb.transport_header + ICMPHDR_type];
			ICMPMSGIN_INC_STATS(net, type);
			if (type > NR_ICMP_TYPES) break error;
			if ((rt.rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0) {
				if (
					(type === ICMP_ECHO || type === ICMP_TIMESTAMP) &&
					net.ipv4.sysctl_icmp_echo_ignore_broadcasts !== 0
				)
					break error;
				if (
					type !== ICMP_ECHO &&
					type !== ICMP_TIMESTAMP &&
					type !== ICMP_ADDRESS &&
					type !== ICMP_ADDRESSREPLY
				)
					break error;
			}
			if (!icmp_pointers[type].handler(skb)) break drop;
			consume_skb(skb);
			return NET_RX_SUCCESS;
		}
		ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
	}
	kfree_skb(skb);
	return NET_RX_DROP;
}

/**
 * Takes an error that quotes one of our ICMP packets.
 * @param info MTU or gateway
 * @returns 0
 * @kernel net/ipv4/icmp.c:1200 (v5.10)
 */
export function icmp_err(skb: sk_buff, info: number): number {
	const offset = (skb.head[skb.data] & 0xf) << 2;
	const inner = skb.head[skb.data + offset + ICMPHDR_type];
	const type = skb.head[skb.transport_header + ICMPHDR_type];
	const code = skb.head[skb.transport_header + ICMPHDR_code];
	const net = skb.dev!.nd_net;
	/* An error about our echo request is for the socket that sent it. */
	if (inner !== ICMP_ECHOREPLY) {
		ping_err(skb, offset, info);
		return 0;
	}
	if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED)
		ipv4_update_pmtu(skb, net, info, 0, IPPROTO_ICMP);
	else if (type === ICMP_REDIRECT) ipv4_redirect(skb, net, 0, IPPROTO_ICMP);
	return 0;
}

const discard_error: icmp_control = { handler: icmp_discard, error: true };
const discard: icmp_control = { handler: icmp_discard, error: false };

/** What is done with each type. */
const icmp_pointers: readonly icmp_control[] = Array.from({ length: NR_ICMP_TYPES + 1 }, (_, i) => {
	switch (i) {
		case ICMP_ECHOREPLY:
			return { handler: ping_rcv, error: false };
		case ICMP_DEST_UNREACH:
		case ICMP_SOURCE_QUENCH:
		case ICMP_TIME_EXCEEDED:
		case ICMP_PARAMETERPROB:
			return { handler: icmp_unreach, error: true };
		case ICMP_REDIRECT:
			return { handler: icmp_redirect, error: true };
		case ICMP_ECHO:
			return { handler: icmp_echo, error: false };
		case ICMP_TIMESTAMP:
			return { handler: icmp_timestamp, error: false };
		case ICMP_TIMESTAMPREPLY:
		case ICMP_INFO_REQUEST:
		case ICMP_INFO_REPLY:
		case ICMP_ADDRESS:
		case ICMP_ADDRESSREPLY:
			return discard;
		default:
			return discard_error;
	}
});

/**
 * Ends a namespace.
 * @kernel net/ipv4/icmp.c:1300 (v5.10)
 */
function icmp_sk_exit(net: net): void {
	inet_ctl_sock_destroy(net.ipv4.icmp_sk);
	net.ipv4.icmp_sk = null;
}

/**
 * Begins a namespace: its control socket.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/icmp.c:1310 (v5.10)
 */
function icmp_sk_init(net: net): number {
	const sk = inet_ctl_sock_create(AF_INET, SOCK_RAW, IPPROTO_ICMP, net);
	if (IS_ERR(sk)) return sk;
	net.ipv4.icmp_sk = sk;
	/* Enough for two datagrams of the largest size. */
	sk.sk_sndbuf = 2 * SKB_TRUESIZE(64 * 1024);
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
	inet_sk(sk).pmtudisc = IP_PMTUDISC_DONT;
	return 0;
}

const icmp_sk_ops = { init: icmp_sk_init, exit: icmp_sk_exit } satisfies pernet_operations;

/**
 * Starts ICMP on a machine.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/icmp.c:1375 (v5.10)
 */
export function icmp_init(m: Machine): number {
	ipv4_stub.of(m).icmp_send = (skb_in, type, code, info) =>
		__icmp_send(skb_in, type, code, info, IPCB(skb_in).opt);
	return register_pernet_subsys(m, icmp_sk_ops);
}
