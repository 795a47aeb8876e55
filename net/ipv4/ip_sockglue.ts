// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv4/ip_sockglue.c, base v5.10: options of sockets at level SOL_IP, ancillary data, error queues.
 *
 * PORT: ancillary data are fields of the message. Everyone is root. IP_MULTICAST_IF takes an interface index or
 * an object of the address and the index.
 * Not ported: membership of multicast groups (there is no IGMP), source filters, IP_PKTOPTIONS, RFC 4884
 * extensions, security labels, IP_XFRM_POLICY, multicast routing, get- and setsockopt of netfilter.
 */
import {
	get_unaligned_be16,
	get_unaligned_be32,
	put_unaligned_be32,
} from '../../include/linux/byteorder/generic.ts';
import { SKB_EXT_ERR } from '../../include/linux/errqueue.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { ip_daddr, ip_saddr } from '../../include/linux/ip.ts';
import { ipv6_sk_rxinfo } from '../../include/linux/ipv6.ts';
import { call_rcu, machine_var } from '../../include/linux/machine.ts';
import {
	CHECKSUM_COMPLETE,
	skb_reset_network_header,
	skb_reset_transport_header,
	skb_transport_offset,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import {
	AF_INET,
	MSG_CTRUNC,
	MSG_ERRQUEUE,
	MSG_TRUNC,
	SOCK_DGRAM,
	SOCK_RAW,
	SOCK_STREAM,
	SOL_IP,
	type msghdr,
	type sockopt_result,
	type sockopt_value,
} from '../../include/linux/socket.ts';
import type { __be16, __be32 } from '../../include/linux/types.ts';
import { dst_mtu, dst_release } from '../../include/net/dst.ts';
import { inet_csk } from '../../include/net/inet_connection_sock.ts';
import {
	inet_sk,
	IP_CMSG_CHECKSUM,
	IP_CMSG_ORIGDSTADDR,
	IP_CMSG_PKTINFO,
	IP_CMSG_RECVFRAGSIZE,
	IP_CMSG_RECVOPTS,
	IP_CMSG_RETOPTS,
	IP_CMSG_TOS,
	IP_CMSG_TTL,
	ip_options_rcu,
	type ip_options,
} from '../../include/net/inet_sock.ts';
import { IPCB, ipv4_l3mdev_skb, type ipcm_cookie } from '../../include/net/ip.ts';
import { l3mdev_master_ifindex } from '../../include/net/l3mdev.ts';
import { LOOPBACK_IFINDEX, type net } from '../../include/net/net_namespace.ts';
import { rt_tos2priority, type rtable } from '../../include/net/route.ts';
import { sk_dst_get, sock_hold, sock_net, type sock } from '../../include/net/sock.ts';
import { TCPF_CLOSE, TCPF_LISTEN } from '../../include/net/tcp_states.ts';
import { LOOPBACK4_IPV6 } from '../../include/net/transp_v6.ts';
import {
	EADDRINUSE,
	EADDRNOTAVAIL,
	EAGAIN,
	EINVAL,
	ENOBUFS,
	ENOPROTOOPT,
	ENOTCONN,
	EOPNOTSUPP,
} from '../../include/uapi/linux/errno.ts';
import { SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_LOCAL } from '../../include/uapi/linux/errqueue.ts';
import { ICMPHDR_code, ICMPHDR_LEN, ICMPHDR_type } from '../../include/uapi/linux/icmp.ts';
import {
	IP_BIND_ADDRESS_NO_PORT,
	IP_CHECKSUM,
	IP_FREEBIND,
	IP_HDRINCL,
	IP_MINTTL,
	IP_MTU,
	IP_MTU_DISCOVER,
	IP_MULTICAST_ALL,
	IP_MULTICAST_IF,
	IP_MULTICAST_LOOP,
	IP_MULTICAST_TTL,
	IP_NODEFRAG,
	IP_OPTIONS,
	IP_PKTINFO,
	IP_PMTUDISC_DONT,
	IP_PMTUDISC_OMIT,
	IP_RECVERR,
	IP_RECVFRAGSIZE,
	IP_RECVOPTS,
	IP_RECVORIGDSTADDR,
	IP_RECVTOS,
	IP_RECVTTL,
	IP_RETOPTS,
	IP_ROUTER_ALERT,
	IP_TOS,
	IP_TRANSPARENT,
	IP_TTL,
	IP_UNICAST_IF,
	IPPROTO_RAW,
} from '../../include/uapi/linux/in.ts';
import { IPHDR_daddr, IPHDR_LEN, IPHDR_tos, IPHDR_ttl } from '../../include/uapi/linux/ip.ts';
import { skb_copy_datagram_msg } from '../core/datagram.ts';
import { __dev_get_by_index } from '../core/dev.ts';
import {
	__skb_pull,
	alloc_skb,
	consume_skb,
	kfree_skb,
	skb_checksum,
	skb_clone,
	skb_dst_drop,
	skb_header_pointer_off,
	skb_pull,
	skb_put,
	skb_queue_purge,
} from '../core/skbuff.ts';
import {
	lock_sock,
	release_sock,
	sk_dst_reset,
	sock_cmsg_send,
	sock_dequeue_err_skb,
	sock_put,
	sock_queue_err_skb,
	sock_recv_timestamp,
} from '../core/sock.ts';
import { csum_sub } from '../../include/net/checksum.ts';
import { fib_compute_spec_dst, ip_dev_find } from './fib_frontend.ts';
import { ip_options_echo, ip_options_get, ip_options_undo } from './ip_options.ts';
import { inet_iif } from './route.ts';

const INET_ECN_MASK = 3;

/**
 * Gives the program the local address and interface of a packet.
 * @kernel net/ipv4/ip_sockglue.c:56 (v5.10)
 */
function ip_cmsg_recv_pktinfo(msg: msghdr, skb: sk_buff): void {
	const cb = IPCB(skb);
	msg.pktinfo = {
		ipi_ifindex: cb.iif,
		ipi_spec_dst: cb.ipi_spec_dst,
		ipi_addr: ip_daddr(skb),
	};
}

/**
 * Gives the program the TTL of a packet.
 * @kernel net/ipv4/ip_sockglue.c:65 (v5.10)
 */
function ip_cmsg_recv_ttl(msg: msghdr, skb: sk_buff): void {
	msg.ttl = skb.head[skb.network_header + IPHDR_ttl];
}

/**
 * Gives the program the type of service of a packet.
 * @kernel net/ipv4/ip_sockglue.c:71 (v5.10)
 */
function ip_cmsg_recv_tos(msg: msghdr, skb: sk_buff): void {
	msg.tos = skb.head[skb.network_header + IPHDR_tos];
}

/**
 * Gives the program the options of a packet.
 * @kernel net/ipv4/ip_sockglue.c:76 (v5.10)
 */
function ip_cmsg_recv_opts(msg: msghdr, skb: sk_buff): void {
	const optlen = IPCB(skb).opt.optlen;
	if (optlen === 0) return;
	const at = skb.network_header + IPHDR_LEN;
	msg.options = skb.head.slice(at, at + optlen);
}

/**
 * Gives the program the options to answer a packet with.
 * @kernel net/ipv4/ip_sockglue.c:86 (v5.10)
 */
function ip_cmsg_recv_retopts(net: net, msg: msghdr, skb: sk_buff): void {
	if (IPCB(skb).opt.optlen === 0) return;
	const opt = new ip_options_rcu().opt;
	if (ip_options_echo(net, opt, skb) !== 0) {
		msg.flags |= MSG_CTRUNC;
		return;
	}
	ip_options_undo(opt);
	msg.options = opt.__data!.slice(0, opt.optlen);
}

/**
 * Gives the program the size of the largest fragment.
 * @kernel net/ipv4/ip_sockglue.c:104 (v5.10)
 */
function ip_cmsg_recv_fragsize(msg: msghdr, skb: sk_buff): void {
	const val = IPCB(skb).frag_max_size;
	if (val !== 0) msg.recvfragsize = val;
}

/**
 * Brings the sum of a packet up to what the program reads.
 * PORT: the sum itself is not handed out.
 * @kernel net/ipv4/ip_sockglue.c:115 (v5.10)
 */
function ip_cmsg_recv_checksum(skb: sk_buff, tlen: number, offset: number): void {
	if (skb.ip_summed !== CHECKSUM_COMPLETE || offset === 0) return;
	const tend_off = skb_transport_offset(skb) + tlen;
	skb.csum = csum_sub(skb.csum, skb_checksum(skb, tend_off, offset, 0));
}

/**
 * Gives the program the address a packet was sent to.
 * @kernel net/ipv4/ip_sockglue.c:149 (v5.10)
 */
function ip_cmsg_recv_dstaddr(msg: msghdr, skb: sk_buff): void {
	const ports = skb_header_pointer_off(skb, skb_transport_offset(skb), 4);
	if (ports < 0) return;
	msg.origdstaddr = {
		family: AF_INET,
		addr: ip_daddr(skb),
		port: get_unaligned_be16(skb.head, ports + 2),
	};
}

/**
 * Fills the ancillary data that a program asked for.
 * @param tlen bytes of transport header
 * @param offset bytes of payload read before
 * @kernel net/ipv4/ip_sockglue.c:171 (v5.10)
 */
export function ip_cmsg_recv_offset(
	msg: msghdr,
	sk: sock,
	skb: sk_buff,
	tlen: number,
	offset: number,
): void {
	const flags = inet_sk(sk).cmsg_flags;
	if (flags === 0) return;
	if ((flags & IP_CMSG_PKTINFO) !== 0) ip_cmsg_recv_pktinfo(msg, skb);
	if ((flags & IP_CMSG_TTL) !== 0) ip_cmsg_recv_ttl(msg, skb);
	if ((flags & IP_CMSG_TOS) !== 0) ip_cmsg_recv_tos(msg, skb);
	if ((flags & IP_CMSG_RECVOPTS) !== 0) ip_cmsg_recv_opts(msg, skb);
	if ((flags & IP_CMSG_RETOPTS) !== 0) ip_cmsg_recv_retopts(sock_net(sk), msg, skb);
	if ((flags & IP_CMSG_ORIGDSTADDR) !== 0) ip_cmsg_recv_dstaddr(msg, skb);
	if ((flags & IP_CMSG_CHECKSUM) !== 0) ip_cmsg_recv_checksum(skb, tlen, offset);
	if ((flags & IP_CMSG_RECVFRAGSIZE) !== 0) ip_cmsg_recv_fragsize(msg, skb);
}

/**
 * Fills the ancillary data that a program asked for.
 * @kernel include/net/ip.h:744 (v5.10)
 */
export function ip_cmsg_recv(msg: msghdr, skb: sk_buff): void {
	ip_cmsg_recv_offset(msg, skb.sk!, skb, 0, 0);
}

/**
 * Reads the ancillary data of a message to be sent.
 * @param ipc gets them
 * @param allow_ipv6 IPV6_PKTINFO with a mapped address will do
 * @returns 0 or -EINVAL
 * @kernel net/ipv4/ip_sockglue.c:242 (v5.10)
 */
export function ip_cmsg_send(sk: sock, msg: msghdr, ipc: ipcm_cookie, allow_ipv6: boolean): number {
	if (allow_ipv6 && msg.pktinfo6 !== null) {
		const a = msg.pktinfo6.ipi6_addr;
		for (let i = 0; i < 12; i++) if (a[i] !== (i < 10 ? 0 : 0xff)) return -EINVAL;
		if (msg.pktinfo6.ipi6_ifindex !== 0) ipc.oif = msg.pktinfo6.ipi6_ifindex;
		ipc.addr = get_unaligned_be32(a, 12);
	}
	const err = sock_cmsg_send(sk, msg, ipc.sockc);
	if (err !== 0) return err;
	if (msg.options !== null) {
		const opt = ip_options_get(sock_net(sk), msg.options.subarray(0, 40));
		if (IS_ERR(opt)) return opt;
		ipc.opt = opt;
	}
	if (msg.pktinfo !== null) {
		if (msg.pktinfo.ipi_ifindex !== 0) ipc.oif = msg.pktinfo.ipi_ifindex;
		ipc.addr = (msg.pktinfo.ipi_spec_dst >>> 0) as __be32;
	}
	if (msg.ttl !== null) {
		if (msg.ttl < 1 || msg.ttl > 255) return -EINVAL;
		ipc.ttl = msg.ttl;
	}
	if (msg.tos !== null) {
		if (msg.tos < 0 || msg.tos > 255) return -EINVAL;
		ipc.tos = msg.tos;
		ipc.priority = rt_tos2priority(ipc.tos);
	}
	return 0;
}

/**
 * IP_ROUTER_ALERT: a raw socket takes the packets with that option, or takes them no more.
 * @returns 0, -EINVAL, -EADDRINUSE, -ENOBUFS when it did not take them
 * @kernel net/ipv4/ip_sockglue.c:336 (v5.10)
 */
export function ip_ra_control(sk: sock, on: boolean): number {
	const chain = sock_net(sk).ipv4.ra_chain;
	if (sk.sk_type !== SOCK_RAW || inet_sk(sk).inet_num === IPPROTO_RAW) return -EINVAL;
	const i = chain.indexOf(sk);
	if (i >= 0) {
		if (on) return -EADDRINUSE;
		chain.splice(i, 1);
		call_rcu(sk.machine, () => sock_put(sk));
		return 0;
	}
	if (!on) return -ENOBUFS;
	chain.push(sk);
	sock_hold(sk);
	return 0;
}

/**
 * Puts a copy of a packet that carries an ICMP error on a socket's error queue.
 * @param skb the ICMP packet, transport header at its ICMP header
 * @param err positive errno
 * @param port network order
 * @param info MTU of a "fragmentation needed"
 * @param payload offset in the head of what the program gets
 * @kernel net/ipv4/ip_sockglue.c:405 (v5.10)
 */
export function ip_icmp_error(
	sk: sock,
	skb: sk_buff,
	err: number,
	port: __be16,
	info: number,
	payload: number,
): void {
	skb = skb_clone(skb);
	const serr = SKB_EXT_ERR(skb);
	const icmph = skb.transport_header;
	serr.ee.ee_errno = err;
	serr.ee.ee_origin = SO_EE_ORIGIN_ICMP;
	serr.ee.ee_type = skb.head[icmph + ICMPHDR_type];
	serr.ee.ee_code = skb.head[icmph + ICMPHDR_code];
	serr.ee.ee_info = info;
	serr.ee.ee_data = 0;
	serr.addr_offset = icmph + ICMPHDR_LEN + IPHDR_daddr - skb.network_header;
	serr.port = port;
	if (skb_pull(skb, payload - skb.data) >= 0) {
		skb_reset_transport_header(skb);
		if (sock_queue_err_skb(sk, skb) === 0) return;
	}
	kfree_skb(skb);
}

/**
 * Puts an error of this host on a socket's error queue, if it wants to know.
 * @param err positive errno
 * @param daddr destination, network order
 * @param info MTU of a "message too long"
 * @kernel net/ipv4/ip_sockglue.c:437 (v5.10)
 */
export function ip_local_error(
	sk: sock,
	err: number,
	daddr: __be32,
	port: __be16,
	info: number,
): void {
	if (!inet_sk(sk).recverr) return;
	const skb = alloc_skb(sk.machine, IPHDR_LEN);
	skb_put(skb, IPHDR_LEN);
	skb_reset_network_header(skb);
	skb.head.fill(0, skb.network_header, skb.network_header + IPHDR_LEN);
	put_unaligned_be32(daddr, skb.head, skb.network_header + IPHDR_daddr);
	const serr = SKB_EXT_ERR(skb);
	serr.ee.ee_errno = err;
	serr.ee.ee_origin = SO_EE_ORIGIN_LOCAL;
	serr.ee.ee_type = 0;
	serr.ee.ee_code = 0;
	serr.ee.ee_info = info;
	serr.ee.ee_data = 0;
	serr.addr_offset = IPHDR_daddr;
	serr.port = port;
	__skb_pull(skb, skb.tail - skb.data);
	skb_reset_transport_header(skb);
	if (sock_queue_err_skb(sk, skb) !== 0) kfree_skb(skb);
}

/**
 * Reads an error off a socket's error queue.
 * @param len bytes of the offending packet to give at most
 * @returns bytes, -EAGAIN when the queue is empty
 * @kernel net/ipv4/ip_sockglue.c:516 (v5.10)
 */
export function ip_recv_error(sk: sock, msg: msghdr, len: number): number {
	const skb = sock_dequeue_err_skb(sk);
	if (skb === null) return -EAGAIN;
	let copied = skb.len;
	if (copied > len) {
		msg.flags |= MSG_TRUNC;
		copied = len;
	}
	const err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (err !== 0) {
		kfree_skb(skb);
		return err;
	}
	sock_recv_timestamp(msg, sk, skb);
	const serr = SKB_EXT_ERR(skb);
	const origin = serr.ee.ee_origin;
	if (origin === SO_EE_ORIGIN_ICMP || origin === SO_EE_ORIGIN_LOCAL || serr.port !== 0)
		msg.name = {
			family: AF_INET,
			addr: get_unaligned_be32(skb.head, skb.network_header + serr.addr_offset),
			port: serr.port,
		};
	msg.recverr = { ee: { ...serr.ee }, offender: null };
	if (origin === SO_EE_ORIGIN_ICMP) {
		msg.recverr.offender = { family: AF_INET, addr: ip_saddr(skb), port: 0 };
		if (inet_sk(sk).cmsg_flags !== 0) ip_cmsg_recv(msg, skb);
	}
	msg.flags |= MSG_ERRQUEUE;
	consume_skb(skb);
	return copied;
}

/**
 * Sets the type of service of an owned socket; a stream keeps its congestion bits.
 * @kernel net/ipv4/ip_sockglue.c:579 (v5.10)
 */
function __ip_sock_set_tos(sk: sock, val: number): void {
	const inet = inet_sk(sk);
	if (sk.sk_type === SOCK_STREAM) val = (val & ~INET_ECN_MASK) | (inet.tos & INET_ECN_MASK);
	val &= 0xff;
	if (inet.tos !== val) {
		inet.tos = val;
		sk.sk_priority = rt_tos2priority(val);
		sk_dst_reset(sk);
	}
}

/**
 * Sets the type of service of a socket.
 * @kernel net/ipv4/ip_sockglue.c:592 (v5.10)
 */
export function ip_sock_set_tos(sk: sock, val: number): void {
	lock_sock(sk);
	__ip_sock_set_tos(sk, val);
	release_sock(sk);
}

/**
 * Sets IP_RECVERR.
 * @kernel net/ipv4/ip_sockglue.c:608 (v5.10)
 */
export function ip_sock_set_recverr(sk: sock): void {
	lock_sock(sk);
	inet_sk(sk).recverr = true;
	release_sock(sk);
}

/**
 * Sets IP_MTU_DISCOVER.
 * @param val IP_PMTUDISC_*
 * @returns 0 or -EINVAL
 * @kernel net/ipv4/ip_sockglue.c:616 (v5.10)
 */
export function ip_sock_set_mtu_discover(sk: sock, val: number): number {
	if (val < IP_PMTUDISC_DONT || val > IP_PMTUDISC_OMIT) return -EINVAL;
	lock_sock(sk);
	inet_sk(sk).pmtudisc = val;
	release_sock(sk);
	return 0;
}

/**
 * Bit of an ancillary datum that an option switches, 0 for other options.
 * @kernel PORT: the first cases of do_ip_setsockopt()
 */
function cmsg_bit(optname: number): number {
	switch (optname) {
		case IP_PKTINFO:
			return IP_CMSG_PKTINFO;
		case IP_RECVTTL:
			return IP_CMSG_TTL;
		case IP_RECVTOS:
			return IP_CMSG_TOS;
		case IP_RECVOPTS:
			return IP_CMSG_RECVOPTS;
		case IP_RETOPTS:
			return IP_CMSG_RETOPTS;
		case IP_RECVORIGDSTADDR:
			return IP_CMSG_ORIGDSTADDR;
		case IP_CHECKSUM:
			return IP_CMSG_CHECKSUM;
		case IP_RECVFRAGSIZE:
			return IP_CMSG_RECVFRAGSIZE;
		default:
			return 0;
	}
}

/**
 * IP_MULTICAST_IF: the interface and address that group packets are sent with.
 * @returns 0, -EINVAL or -EADDRNOTAVAIL
 * @kernel PORT: a case of do_ip_setsockopt()
 */
function set_multicast_if(sk: sock, optval: sockopt_value): number {
	const inet = inet_sk(sk);
	if (sk.sk_type === SOCK_STREAM) return -EINVAL;
	let ifindex = 0;
	let addr = 0;
	if (typeof optval === 'number') ifindex = optval;
	else if (
		typeof optval === 'object' &&
		'addr' in optval &&
		typeof optval.addr === 'number'
	) {
		addr = optval.addr >>> 0;
		if ('ifindex' in optval && typeof optval.ifindex === 'number')
			ifindex = optval.ifindex;
	} else return -EINVAL;
	if (ifindex === 0 && addr === 0) {
		inet.mc_index = 0;
		inet.mc_addr = 0 as __be32;
		return 0;
	}
	const dev =
		ifindex === 0
			? ip_dev_find(sock_net(sk), addr as __be32)
			: __dev_get_by_index(sock_net(sk), ifindex);
	if (dev === null) return -EADDRNOTAVAIL;
	const midx = l3mdev_master_ifindex(dev);
	if (
		sk.sk_bound_dev_if !== 0 &&
		dev.ifindex !== sk.sk_bound_dev_if &&
		midx !== sk.sk_bound_dev_if
	)
		return -EINVAL;
	inet.mc_index = dev.ifindex;
	inet.mc_addr = addr as __be32;
	return 0;
}

/**
 * IP_OPTIONS: the options that a socket sends with.
 * @returns 0 or -EINVAL
 * @kernel PORT: a case of do_ip_setsockopt()
 */
function set_options(sk: sock, optval: sockopt_value): number {
	const inet = inet_sk(sk);
	if (!(optval instanceof Uint8Array) || optval.length > 40) return -EINVAL;
	const opt = ip_options_get(sock_net(sk), optval);
	if (IS_ERR(opt)) return opt;
	const old = inet.inet_opt;
	if (inet.is_icsk) {
		const icsk = inet_csk(sk);
		if (
			sk.sk_family === AF_INET ||
			(((1 << sk.sk_state) & (TCPF_LISTEN | TCPF_CLOSE)) === 0 &&
				inet.inet_daddr !== LOOPBACK4_IPV6)
		) {
			if (old !== null) icsk.icsk_ext_hdr_len -= old.opt.optlen;
			icsk.icsk_ext_hdr_len += opt.opt.optlen;
			icsk.icsk_sync_mss?.(sk, icsk.icsk_pmtu_cookie);
		}
	}
	inet.inet_opt = opt;
	return 0;
}

/**
 * setsockopt() at level SOL_IP.
 * @returns 0, -EINVAL, -ENOPROTOOPT and others
 * @kernel net/ipv4/ip_sockglue.c:889 (v5.10)
 */
function do_ip_setsockopt(sk: sock, optname: number, optval: sockopt_value): number {
	const inet = inet_sk(sk);
	if (optname === IP_OPTIONS || optname === IP_MULTICAST_IF) {
		lock_sock(sk);
		const err =
			optname === IP_OPTIONS
				? set_options(sk, optval)
				: set_multicast_if(sk, optval);
		release_sock(sk);
		return err;
	}
	if (typeof optval !== 'number') return -EINVAL;
	const val = optval | 0;
	if (optname === IP_ROUTER_ALERT) return ip_ra_control(sk, val !== 0);
	let err = 0;
	lock_sock(sk);
	const bit = cmsg_bit(optname);
	if (bit !== 0) {
		if (
			bit === IP_CMSG_RECVFRAGSIZE &&
			sk.sk_type !== SOCK_RAW &&
			sk.sk_type !== SOCK_DGRAM
		) {
			err = -EINVAL;
		} else {
			if (bit === IP_CMSG_CHECKSUM) {
				const had = (inet.cmsg_flags & IP_CMSG_CHECKSUM) !== 0;
				if (val !== 0 && !had) inet.convert_csum++;
				else if (val === 0 && had && inet.convert_csum > 0)
					inet.convert_csum--;
			}
			if (val !== 0) inet.cmsg_flags |= bit;
			else inet.cmsg_flags &= ~bit;
		}
		release_sock(sk);
		return err;
	}
	switch (optname) {
		case IP_TOS:
			__ip_sock_set_tos(sk, val);
			break;
		case IP_TTL:
			if (val !== -1 && (val < 1 || val > 255)) err = -EINVAL;
			else inet.uc_ttl = val;
			break;
		case IP_HDRINCL:
			if (sk.sk_type !== SOCK_RAW) err = -ENOPROTOOPT;
			else inet.hdrincl = val !== 0;
			break;
		case IP_NODEFRAG:
			if (sk.sk_type !== SOCK_RAW) err = -ENOPROTOOPT;
			else inet.nodefrag = val !== 0;
			break;
		case IP_BIND_ADDRESS_NO_PORT:
			inet.bind_address_no_port = val !== 0;
			break;
		case IP_MTU_DISCOVER:
			if (val < IP_PMTUDISC_DONT || val > IP_PMTUDISC_OMIT) err = -EINVAL;
			else inet.pmtudisc = val;
			break;
		case IP_RECVERR:
			inet.recverr = val !== 0;
			if (val === 0) skb_queue_purge(sk.sk_error_queue);
			break;
		case IP_MULTICAST_TTL:
			if (sk.sk_type === SOCK_STREAM || val < -1 || val > 255) err = -EINVAL;
			else inet.mc_ttl = val === -1 ? 1 : val;
			break;
		case IP_MULTICAST_LOOP:
			inet.mc_loop = val !== 0;
			break;
		case IP_UNICAST_IF: {
			const ifindex = val;
			if (ifindex === 0) {
				inet.uc_index = 0;
				break;
			}
			const dev = __dev_get_by_index(sock_net(sk), ifindex);
			if (dev === null) {
				err = -EADDRNOTAVAIL;
				break;
			}
			if (
				sk.sk_bound_dev_if !== 0 &&
				l3mdev_master_ifindex(dev) !== sk.sk_bound_dev_if
			) {
				err = -EINVAL;
				break;
			}
			inet.uc_index = ifindex;
			break;
		}
		case IP_MULTICAST_ALL:
			if (val !== 0 && val !== 1) err = -EINVAL;
			else inet.mc_all = val !== 0;
			break;
		case IP_FREEBIND:
			inet.freebind = val !== 0;
			break;
		case IP_TRANSPARENT:
			inet.transparent = val !== 0;
			break;
		case IP_MINTTL:
			if (val < 0 || val > 255) err = -EINVAL;
			else inet.min_ttl = val;
			break;
		default:
			err = -ENOPROTOOPT;
			break;
	}
	release_sock(sk);
	return err;
}

/**
 * Readies a packet for the receive queue: notes where it came in when the program wants to know, and
 * lets go of its destination.
 * @kernel net/ipv4/ip_sockglue.c:1383 (v5.10)
 */
export function ipv4_pktinfo_prepare(sk: sock, skb: sk_buff): void {
	const cb = IPCB(skb);
	const prepare = (inet_sk(sk).cmsg_flags & IP_CMSG_PKTINFO) !== 0 || ipv6_sk_rxinfo(sk);
	const rt = skb._dst as rtable | null;
	if (prepare && rt !== null) {
		const l3slave = ipv4_l3mdev_skb(cb.flags);
		if (cb.iif === LOOPBACK_IFINDEX) cb.iif = inet_iif(skb);
		else if (l3slave && rt.rt_iif !== 0) cb.iif = rt.rt_iif;
		cb.ipi_spec_dst = fib_compute_spec_dst(skb);
	} else {
		cb.iif = 0;
		cb.ipi_spec_dst = 0 as __be32;
	}
	skb_dst_drop(skb);
}

/**
 * setsockopt() at level SOL_IP.
 * @returns 0, -EINVAL, -ENOPROTOOPT and others
 * @kernel net/ipv4/ip_sockglue.c:1415 (v5.10)
 */
export function ip_setsockopt(
	sk: sock,
	level: number,
	optname: number,
	optval: sockopt_value,
): number {
	if (level !== SOL_IP) return -ENOPROTOOPT;
	return do_ip_setsockopt(sk, optname, optval);
}

/** Copy of a socket's options for the user. */
const getopt_scratch = machine_var(() => new ip_options_rcu());

/**
 * getsockopt() at level SOL_IP.
 * @param res gets the value
 * @returns 0, -ENOPROTOOPT, -ENOTCONN, -EOPNOTSUPP
 * @kernel net/ipv4/ip_sockglue.c:1515 (v5.10)
 */
function do_ip_getsockopt(sk: sock, level: number, optname: number, res: sockopt_result): number {
	const inet = inet_sk(sk);
	if (level !== SOL_IP) return -EOPNOTSUPP;
	const bit = cmsg_bit(optname);
	if (bit !== 0) {
		res.val = (inet.cmsg_flags & bit) !== 0 ? 1 : 0;
		return 0;
	}
	switch (optname) {
		case IP_OPTIONS: {
			const opt: ip_options = getopt_scratch.of(sk.machine).opt;
			if (inet.inet_opt === null || inet.inet_opt.opt.optlen === 0) {
				res.val = new Uint8Array(0);
				return 0;
			}
			opt.assign(inet.inet_opt.opt);
			opt.__data!.set(inet.inet_opt.opt.__data!);
			ip_options_undo(opt);
			res.val = opt.__data!.slice(0, opt.optlen);
			return 0;
		}
		case IP_TOS:
			res.val = inet.tos;
			return 0;
		case IP_TTL:
			res.val =
				inet.uc_ttl === -1
					? sock_net(sk).ipv4.sysctl_ip_default_ttl
					: inet.uc_ttl;
			return 0;
		case IP_HDRINCL:
			res.val = inet.hdrincl ? 1 : 0;
			return 0;
		case IP_NODEFRAG:
			res.val = inet.nodefrag ? 1 : 0;
			return 0;
		case IP_BIND_ADDRESS_NO_PORT:
			res.val = inet.bind_address_no_port ? 1 : 0;
			return 0;
		case IP_MTU_DISCOVER:
			res.val = inet.pmtudisc;
			return 0;
		case IP_MTU: {
			const dst = sk_dst_get(sk);
			if (dst === null) return -ENOTCONN;
			res.val = dst_mtu(dst);
			dst_release(dst);
			return 0;
		}
		case IP_RECVERR:
			res.val = inet.recverr ? 1 : 0;
			return 0;
		case IP_MULTICAST_TTL:
			res.val = inet.mc_ttl;
			return 0;
		case IP_MULTICAST_LOOP:
			res.val = inet.mc_loop ? 1 : 0;
			return 0;
		case IP_UNICAST_IF:
			res.val = inet.uc_index;
			return 0;
		case IP_MULTICAST_IF:
			res.val = inet.mc_addr;
			return 0;
		case IP_MULTICAST_ALL:
			res.val = inet.mc_all ? 1 : 0;
			return 0;
		case IP_FREEBIND:
			res.val = inet.freebind ? 1 : 0;
			return 0;
		case IP_TRANSPARENT:
			res.val = inet.transparent ? 1 : 0;
			return 0;
		case IP_MINTTL:
			res.val = inet.min_ttl;
			return 0;
		default:
			return -ENOPROTOOPT;
	}
}

/**
 * getsockopt() at level SOL_IP.
 * @param res gets the value
 * @returns 0, -ENOPROTOOPT, -ENOTCONN, -EOPNOTSUPP
 * @kernel net/ipv4/ip_sockglue.c:1756 (v5.10)
 */
export function ip_getsockopt(
	sk: sock,
	level: number,
	optname: number,
	res: sockopt_result,
): number {
	lock_sock(sk);
	const err = do_ip_getsockopt(sk, level, optname, res);
	release_sock(sk);
	return err;
}
