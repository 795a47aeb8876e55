// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/af_inet.c, base v5.10: the socket calls of the Internet family, cutting GSO packets, and the start of IPv4
 * on a machine.
 *
 * PORT: every program is root, so capabilities are not asked about. Calls do not sleep: a connection that is
 * being made answers -EINPROGRESS, and -EALREADY when asked again before it is made. Six functions that the transports
 * call are in inet_common.ts, because this file imports the transports. Defaults of a namespace's
 * settings are in include/net/netns/ipv4.ts.
 * Not ported: cgroup BPF, fast open, ioctl, sendpage, splice, GRO, IP in IP tunnels, UDP-Lite, IGMP and multicast
 * routing.
 */
import {
	get_unaligned_be16,
	htons,
} from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import type { page } from '../../include/linux/mm.ts';
import {
	SOCK_MAX,
	SS_CONNECTED,
	SS_CONNECTING,
	SS_DISCONNECTING,
	SS_UNCONNECTED,
	type net_proto_family,
	type proto_ops,
	type socket,
} from '../../include/linux/net.ts';
import {
	skb_is_gso,
	skb_reset_mac_len,
	skb_reset_network_header,
	skb_reset_transport_header,
	SKB_GSO_TCP_FIXEDID,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import {
	AF_INET,
	AF_UNSPEC,
	msg_data_left,
	MSG_DONTWAIT,
	PF_INET,
	SOCK_DGRAM,
	SOCK_RAW,
	SOCK_STREAM,
	type msghdr,
	type sockaddr,
} from '../../include/linux/socket.ts';
import type { __be16, __be32 } from '../../include/linux/types.ts';
import { inet_can_nonlocal_bind, inet_sk } from '../../include/net/inet_sock.ts';
import { IP_DF } from '../../include/net/ip.ts';
import { l3mdev_fib_table_by_index } from '../../include/net/l3mdev.ts';
import type { net } from '../../include/net/net_namespace.ts';
import {
	inet_offloads,
	INET_PROTOSW_ICSK,
	INET_PROTOSW_PERMANENT,
	INET_PROTOSW_REUSE,
	type inet_protosw,
	type net_protocol,
} from '../../include/net/protocol.ts';
import {
	RCV_SHUTDOWN,
	SHUTDOWN_MASK,
	SK_CAN_REUSE,
	SOCK_BINDADDR_LOCK,
	SOCK_BINDPORT_LOCK,
	sock_error,
	sock_flag,
	sock_graft,
	SOCK_LINGER,
	sock_net,
	type sock,
} from '../../include/net/sock.ts';
import {
	TCP_CLOSE,
	TCP_LISTEN,
	TCP_SYN_SENT,
	TCPF_CLOSE,
	TCPF_CLOSE_WAIT,
	TCPF_ESTABLISHED,
	TCPF_LISTEN,
	TCPF_SYN_RECV,
	TCPF_SYN_SENT,
} from '../../include/net/tcp_states.ts';
import {
	EADDRINUSE,
	EADDRNOTAVAIL,
	EAFNOSUPPORT,
	EAGAIN,
	EALREADY,
	ECONNABORTED,
	EINPROGRESS,
	EINVAL,
	EISCONN,
	ENOTCONN,
	EPROTONOSUPPORT,
	ESOCKTNOSUPPORT,
} from '../../include/uapi/linux/errno.ts';
import { ETH_P_IP } from '../../include/uapi/linux/if_ether.ts';
import {
	INADDR_ANY,
	IP_PMTUDISC_DONT,
	IP_PMTUDISC_WANT,
	IPPROTO_ICMP,
	IPPROTO_IP,
	IPPROTO_MAX,
	IPPROTO_RAW,
	IPPROTO_TCP,
	IPPROTO_UDP,
} from '../../include/uapi/linux/in.ts';
import {
	IPHDR_frag_off,
	IPHDR_id,
	IPHDR_LEN,
	IPHDR_protocol,
	IPHDR_tot_len,
} from '../../include/uapi/linux/ip.ts';
import {
	RT_TABLE_LOCAL,
	RTN_BROADCAST,
	RTN_LOCAL,
	RTN_MULTICAST,
} from '../../include/uapi/linux/rtnetlink.ts';
import { tcp_mib_init } from '../../include/net/tcp.ts';
import { datagram_poll } from '../core/datagram.ts';
import { dev_add_offload } from '../core/dev.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import { __skb_pull, pskb_may_pull } from '../core/skbuff.ts';
import {
	lock_sock,
	release_sock,
	sk_alloc,
	sk_common_release,
	sk_dst_reset,
	sk_set_peek_off,
	sock_common_getsockopt,
	sock_common_setsockopt,
	sock_gen_put_hook,
	sock_init_data,
	sock_no_accept,
	sock_no_listen,
	sock_no_sendpage,
} from '../core/sock.ts';
import { sock_register } from '../socket.ts';
import { arp_init } from './arp.ts';
import { inet_addr_type_table } from './fib_frontend.ts';
import { icmp_err, icmp_init, icmp_rcv } from './icmp.ts';
import { inet_sock_destruct } from './inet_common.ts';
import { inet_csk_listen_start } from './inet_connection_sock.ts';
import { sock_gen_put } from './inet_hashtables.ts';
import { ip_forward_init } from './ip_forward.ts';
import { ipfrag_init } from './ip_fragment.ts';
import { ip_input_init } from './ip_input.ts';
import { ip_init, ip_send_check } from './ip_output.ts';
import { ping_init, ping_proc_init, ping_prot } from './ping.ts';
import { ip_misc_proc_init } from './proc.ts';
import { inet_add_protocol } from './protocol.ts';
import { raw_proc_init, raw_prot } from './raw.ts';
import { tcp_init, tcp_peek_len, tcp_poll, tcp_set_rcvlowat } from './tcp.ts';
import { tcp_prot, tcp_v4_early_demux, tcp_v4_err, tcp_v4_init, tcp_v4_rcv } from './tcp_ipv4.ts';
import { tcpv4_offload_init } from './tcp_offload.ts';
import {
	udp4_proc_init,
	udp_err,
	udp_init,
	udp_poll,
	udp_prot,
	udp_rcv,
	udp_v4_early_demux,
} from './udp.ts';

/** What (type, protocol) pairs mean, permanent ones first. */
const inetsw = machine_var(() => Array.from({ length: SOCK_MAX }, (): inet_protosw[] => []));

/* flags of __inet_bind() */
export const BIND_FORCE_ADDRESS_NO_PORT = 1 << 0;
export const BIND_WITH_LOCK = 1 << 1;

/**
 * Gives a socket a port of the namespace's choice, unless it has one.
 * @returns 0, or -EAGAIN when none is free
 * @kernel net/ipv4/af_inet.c:176 (v5.10)
 */
function inet_autobind(sk: sock): number {
	lock_sock(sk);
	const inet = inet_sk(sk);
	if (inet.inet_num === 0) {
		if (sk.sk_prot.get_port!(sk, 0) !== 0) {
			release_sock(sk);
			return -EAGAIN;
		}
		inet.inet_sport = htons(inet.inet_num);
	}
	release_sock(sk);
	return 0;
}

/**
 * Lets a stream socket take connections.
 * @param backlog how many may wait to be accepted
 * @returns 0, -EINVAL, -EADDRINUSE
 * @kernel net/ipv4/af_inet.c:196 (v5.10)
 */
export function inet_listen(sock: socket, backlog: number): number {
	const sk = sock.sk!;
	lock_sock(sk);
	let err = -EINVAL;
	out: {
		if (sock.state !== SS_UNCONNECTED || sock.type !== SOCK_STREAM) break out;
		const old_state = sk.sk_state;
		if (((1 << old_state) & (TCPF_CLOSE | TCPF_LISTEN)) === 0) break out;
		sk.sk_max_ack_backlog = backlog;
		if (old_state !== TCP_LISTEN) {
			err = inet_csk_listen_start(sk, backlog);
			if (err !== 0) break out;
		}
		err = 0;
	}
	release_sock(sk);
	return err;
}

/**
 * Finds what a (type, protocol) pair means.
 * @param protocol IPPROTO_IP for the type's own
 * @returns the entry, -ESOCKTNOSUPPORT for a type nobody serves, -EPROTONOSUPPORT
 * @kernel PORT: a step of inet_create()
 */
function inet_protosw_find(m: Machine, type: number, protocol: number): inet_protosw | number {
	let err = -ESOCKTNOSUPPORT;
	for (const answer of inetsw.of(m)[type]) {
		if (protocol === answer.protocol) {
			if (protocol !== IPPROTO_IP) return answer;
		} else {
			if (protocol === IPPROTO_IP) return answer;
			if (answer.protocol === IPPROTO_IP) return answer;
		}
		err = -EPROTONOSUPPORT;
	}
	return err;
}

/**
 * Makes an Internet socket.
 * @param protocol IPPROTO_*, IPPROTO_IP for the type's own
 * @param kern true for the kernel's own
 * @returns 0, -EINVAL, -ESOCKTNOSUPPORT, -EPROTONOSUPPORT, or what the protocol answers
 * @kernel net/ipv4/af_inet.c:248 (v5.10)
 */
function inet_create(net: net, sock: socket, protocol: number, kern: boolean): number {
	if (protocol < 0 || protocol >= IPPROTO_MAX) return -EINVAL;
	sock.state = SS_UNCONNECTED;
	const answer = inet_protosw_find(net.machine, sock.type, protocol);
	if (IS_ERR(answer)) return answer;
	if (protocol === IPPROTO_IP) protocol = answer.protocol;
	sock.ops = answer.ops;
	const sk = sk_alloc(net, PF_INET, answer.prot, kern);
	if ((answer.flags & INET_PROTOSW_REUSE) !== 0) sk.sk_reuse = SK_CAN_REUSE;
	const inet = inet_sk(sk);
	inet.is_icsk = (answer.flags & INET_PROTOSW_ICSK) !== 0;
	inet.nodefrag = false;
	if (sock.type === SOCK_RAW) {
		inet.inet_num = protocol;
		if (protocol === IPPROTO_RAW) inet.hdrincl = true;
	}
	inet.pmtudisc = net.ipv4.sysctl_ip_no_pmtu_disc !== 0 ? IP_PMTUDISC_DONT : IP_PMTUDISC_WANT;
	inet.inet_id = 0;
	sock_init_data(sock, sk);
	sk.sk_destruct = inet_sock_destruct;
	sk.sk_protocol = protocol;
	sk.sk_backlog_rcv = sk.sk_prot.backlog_rcv ?? sk.sk_backlog_rcv;
	inet.uc_ttl = -1;
	inet.mc_loop = true;
	inet.mc_ttl = 1;
	inet.mc_all = true;
	inet.mc_index = 0;
	inet.rcv_tos = 0;
	if (inet.inet_num !== 0) {
		/* A raw socket is found by its protocol. */
		inet.inet_sport = htons(inet.inet_num);
		const err = sk.sk_prot.hash!(sk);
		if (err !== 0) {
			sk_common_release(sk);
			return err;
		}
	}
	if (sk.sk_prot.init !== undefined) {
		const err = sk.sk_prot.init(sk);
		if (err !== 0) {
			sk_common_release(sk);
			return err;
		}
	}
	return 0;
}

/**
 * Closes an Internet socket; with SO_LINGER it stays a while.
 * @returns 0
 * @kernel net/ipv4/af_inet.c:407 (v5.10)
 */
export function inet_release(sock: socket): number {
	const sk = sock.sk;
	if (sk !== null) {
		const timeout = sock_flag(sk, SOCK_LINGER) ? sk.sk_lingertime : 0;
		sk.sk_prot.close(sk, timeout);
		sock.sk = null;
	}
	return 0;
}

/**
 * Binds a socket to an address and a port.
 * @returns 0, -EINVAL, or as __inet_bind()
 * @kernel net/ipv4/af_inet.c:438 (v5.10)
 */
export function inet_bind(sock: socket, uaddr: sockaddr): number {
	const sk = sock.sk!;
	if (sk.sk_prot.bind !== undefined) return sk.sk_prot.bind(sk, uaddr);
	return __inet_bind(sk, uaddr, BIND_WITH_LOCK);
}

/**
 * Binds a socket to an address and a port.
 * @param flags BIND_*
 * @returns 0, -EAFNOSUPPORT, -EADDRNOTAVAIL for an address that is not ours, -EINVAL when it is bound
 * already, -EADDRINUSE
 * @kernel net/ipv4/af_inet.c:461 (v5.10)
 */
export function __inet_bind(sk: sock, uaddr: sockaddr, flags: number): number {
	const inet = inet_sk(sk);
	const net = sock_net(sk);
	let s_addr: __be32 = INADDR_ANY as __be32;
	let snum = 0;
	if (uaddr.family === AF_INET) {
		s_addr = (uaddr.addr >>> 0) as __be32;
		snum = uaddr.port & 0xffff;
	} else if (uaddr.family !== AF_UNSPEC) {
		return -EAFNOSUPPORT;
	}
	const l3mdev_tb_id = l3mdev_fib_table_by_index(net, sk.sk_bound_dev_if);
	const tb_id = l3mdev_tb_id !== 0 ? l3mdev_tb_id : RT_TABLE_LOCAL;
	const chk_addr_ret = inet_addr_type_table(net, s_addr, tb_id);
	if (
		!inet_can_nonlocal_bind(net, inet) &&
		s_addr !== INADDR_ANY &&
		chk_addr_ret !== RTN_LOCAL &&
		chk_addr_ret !== RTN_MULTICAST &&
		chk_addr_ret !== RTN_BROADCAST
	)
		return -EADDRNOTAVAIL;
	let err = -EINVAL;
	if ((flags & BIND_WITH_LOCK) !== 0) lock_sock(sk);
	out_release_sock: {
		if (sk.sk_state !== TCP_CLOSE || inet.inet_num !== 0) break out_release_sock;
		/* Of a group or broadcast only the receive address is bound. */
		inet.inet_rcv_saddr = inet.inet_saddr = s_addr;
		if (chk_addr_ret === RTN_MULTICAST || chk_addr_ret === RTN_BROADCAST)
			inet.inet_saddr = 0 as __be32;
		if (
			snum !== 0 ||
			!(inet.bind_address_no_port || (flags & BIND_FORCE_ADDRESS_NO_PORT) !== 0)
		) {
			if (sk.sk_prot.get_port!(sk, snum) !== 0) {
				inet.inet_saddr = inet.inet_rcv_saddr = 0 as __be32;
				err = -EADDRINUSE;
				break out_release_sock;
			}
		}
		if (inet.inet_rcv_saddr !== 0) sk.sk_userlocks |= SOCK_BINDADDR_LOCK;
		if (snum !== 0) sk.sk_userlocks |= SOCK_BINDPORT_LOCK;
		inet.inet_sport = htons(inet.inet_num);
		inet.inet_daddr = 0 as __be32;
		inet.inet_dport = 0 as __be16;
		sk_dst_reset(sk);
		err = 0;
	}
	if ((flags & BIND_WITH_LOCK) !== 0) release_sock(sk);
	return err;
}

/**
 * Sets a datagram socket's peer; AF_UNSPEC takes it away.
 * @returns 0, -EAGAIN when no port is free, or what the protocol answers
 * @kernel net/ipv4/af_inet.c:558 (v5.10)
 */
export function inet_dgram_connect(sock: socket, uaddr: sockaddr, flags: number): number {
	const sk = sock.sk!;
	if (uaddr.family === AF_UNSPEC) return sk.sk_prot.disconnect!(sk, flags);
	if (inet_sk(sk).inet_num === 0 && inet_autobind(sk) !== 0) return -EAGAIN;
	return sk.sk_prot.connect!(sk, uaddr);
}

/**
 * Begins a connection or tells how far it is; the socket is locked.
 * @param uaddr null to go on with the one that is being made
 * @param is_sendmsg called by a send that carries data with its SYN
 * @returns 0 when it is made, -EINPROGRESS, -EALREADY, -EISCONN, or why it could not be made
 * @kernel net/ipv4/af_inet.c:609 (v5.10)
 */
export function __inet_stream_connect(
	sock: socket,
	uaddr: sockaddr | null,
	flags: number,
	is_sendmsg: boolean,
): number {
	const sk = sock.sk!;
	let err: number;
	if (uaddr !== null && uaddr.family === AF_UNSPEC) {
		err = sk.sk_prot.disconnect!(sk, flags);
		sock.state = err !== 0 ? SS_DISCONNECTING : SS_UNCONNECTED;
		return err;
	}
	switch (sock.state) {
		default:
			return -EINVAL;
		case SS_CONNECTED:
			return -EISCONN;
		case SS_CONNECTING:
			if (inet_sk(sk).defer_connect) err = is_sendmsg ? -EINPROGRESS : -EISCONN;
			else err = -EALREADY;
			break;
		case SS_UNCONNECTED:
			if (sk.sk_state !== TCP_CLOSE) return -EISCONN;
			if (uaddr === null) return -EINVAL;
			err = sk.sk_prot.connect!(sk, uaddr);
			if (err < 0) return err;
			sock.state = SS_CONNECTING;
			if (err === 0 && inet_sk(sk).defer_connect) return err;
			/* What is answered while the handshake is under way. */
			err = -EINPROGRESS;
			break;
	}
	/* PORT: the caller waits in place of inet_wait_for_connect(). */
	if (((1 << sk.sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) !== 0) return err;
	if (sk.sk_state === TCP_CLOSE) {
		/* Refused, reset or timed out. */
		const e = sock_error(sk);
		err = e !== 0 ? e : -ECONNABORTED;
		sock.state = SS_UNCONNECTED;
		if (sk.sk_prot.disconnect!(sk, flags) !== 0) sock.state = SS_DISCONNECTING;
		return err;
	}
	/* A peer that has closed already is a connection nevertheless. */
	sock.state = SS_CONNECTED;
	return 0;
}

/**
 * Begins a connection or tells how far it is.
 * @returns as __inet_stream_connect()
 * @kernel net/ipv4/af_inet.c:719 (v5.10)
 */
export function inet_stream_connect(sock: socket, uaddr: sockaddr, flags: number): number {
	const sk = sock.sk!;
	lock_sock(sk);
	const err = __inet_stream_connect(sock, uaddr, flags, false);
	release_sock(sk);
	return err;
}

/**
 * Takes a connection that waits.
 * @param newsock gets it
 * @returns 0, -EAGAIN when none waits, -EINVAL
 * @kernel net/ipv4/af_inet.c:735 (v5.10)
 */
export function inet_accept(sock: socket, newsock: socket, flags: number, kern: boolean): number {
	const sk1 = sock.sk!;
	const sk2 = sk1.sk_prot.accept!(sk1, flags, kern);
	if (IS_ERR(sk2)) return sk2;
	lock_sock(sk2);
	if (
		((1 << sk2.sk_state) &
			(TCPF_ESTABLISHED | TCPF_SYN_RECV | TCPF_CLOSE_WAIT | TCPF_CLOSE)) ===
		0
	)
		sk2.machine.record('WARN', 'inet_accept', `state ${sk2.sk_state}`);
	sock_graft(sk2, newsock);
	newsock.state = SS_CONNECTED;
	release_sock(sk2);
	return 0;
}

/**
 * Own or peer's address.
 * @param peer 0 for our own, 1 for the connected peer's, 2 for the peer's in any state
 * @returns the address, or -ENOTCONN
 * @kernel net/ipv4/af_inet.c:765 (v5.10)
 */
export function inet_getname(sock: socket, peer: number): sockaddr | number {
	const sk = sock.sk!;
	const inet = inet_sk(sk);
	if (peer !== 0) {
		if (
			inet.inet_dport === 0 ||
			(((1 << sk.sk_state) & (TCPF_CLOSE | TCPF_SYN_SENT)) !== 0 && peer === 1)
		)
			return -ENOTCONN;
		return { family: AF_INET, addr: inet.inet_daddr, port: inet.inet_dport };
	}
	const addr = inet.inet_rcv_saddr !== 0 ? inet.inet_rcv_saddr : inet.inet_saddr;
	return { family: AF_INET, addr, port: inet.inet_sport };
}

/**
 * Sees to it that a socket that sends has a port.
 * @returns 0, or -EAGAIN when none is free
 * @kernel net/ipv4/af_inet.c:797 (v5.10)
 */
export function inet_send_prepare(sk: sock): number {
	if (inet_sk(sk).inet_num === 0 && !sk.sk_prot.no_autobind && inet_autobind(sk) !== 0)
		return -EAGAIN;
	return 0;
}

/**
 * Sends a message.
 * @returns bytes or a negative errno
 * @kernel net/ipv4/af_inet.c:810 (v5.10)
 */
export function inet_sendmsg(sock: socket, msg: msghdr): number {
	const sk = sock.sk!;
	if (inet_send_prepare(sk) !== 0) return -EAGAIN;
	return sk.sk_prot.sendmsg!(sk, msg, msg_data_left(msg));
}

/**
 * Sends part of a page.
 * @returns bytes or a negative errno
 * @kernel net/ipv4/af_inet.c:822 (v5.10)
 */
export function inet_sendpage(
	sock: socket,
	page: page,
	offset: number,
	size: number,
	flags: number,
): number {
	const sk = sock.sk!;
	if (inet_send_prepare(sk) !== 0) return -EAGAIN;
	const { sendpage } = sk.sk_prot;
	if (sendpage !== undefined) return sendpage(sk, page, offset, size, flags);
	return sock_no_sendpage(sock, page, offset, size, flags);
}

/**
 * Receives a message.
 * @param size bytes wanted
 * @param flags MSG_*
 * @returns bytes or a negative errno
 * @kernel net/ipv4/af_inet.c:838 (v5.10)
 */
export function inet_recvmsg(sock: socket, msg: msghdr, size: number, flags: number): number {
	const sk = sock.sk!;
	return sk.sk_prot.recvmsg!(
		sk,
		msg,
		size,
		(flags & MSG_DONTWAIT) !== 0,
		flags & ~MSG_DONTWAIT,
	);
}

/**
 * Ends one or both directions of a socket.
 * @param how SHUT_RD, SHUT_WR or SHUT_RDWR
 * @returns 0, -EINVAL, -ENOTCONN
 * @kernel net/ipv4/af_inet.c:857 (v5.10)
 */
export function inet_shutdown(sock: socket, how: number): number {
	const sk = sock.sk!;
	let err = 0;
	how++;
	if ((how & ~SHUTDOWN_MASK) !== 0 || how === 0) return -EINVAL;
	lock_sock(sk);
	if (sock.state === SS_CONNECTING) {
		if (((1 << sk.sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV | TCPF_CLOSE)) !== 0)
			sock.state = SS_DISCONNECTING;
		else sock.state = SS_CONNECTED;
	}
	const state = sk.sk_state;
	if (state !== TCP_LISTEN && state !== TCP_SYN_SENT) {
		/* An unconnected UDP socket is shut down as well, and told that it is not connected. */
		if (state === TCP_CLOSE) err = -ENOTCONN;
		sk.sk_shutdown |= how;
		sk.sk_prot.shutdown?.(sk, how);
	} else if (state === TCP_SYN_SENT || (how & RCV_SHUTDOWN) !== 0) {
		err = sk.sk_prot.disconnect!(sk, 0);
		sock.state = err !== 0 ? SS_DISCONNECTING : SS_UNCONNECTED;
	}
	/* Wake up who waits. */
	sk.sk_state_change(sk);
	release_sock(sk);
	return err;
}

export const inet_stream_ops: proto_ops = {
	family: PF_INET,
	release: inet_release,
	bind: inet_bind,
	connect: inet_stream_connect,
	accept: inet_accept,
	getname: inet_getname,
	poll: tcp_poll,
	listen: inet_listen,
	shutdown: inet_shutdown,
	setsockopt: sock_common_setsockopt,
	getsockopt: sock_common_getsockopt,
	sendmsg: inet_sendmsg,
	recvmsg: inet_recvmsg,
	sendpage: inet_sendpage,
	peek_len: tcp_peek_len,
	set_rcvlowat: tcp_set_rcvlowat,
};

export const inet_dgram_ops: proto_ops = {
	family: PF_INET,
	release: inet_release,
	bind: inet_bind,
	connect: inet_dgram_connect,
	accept: sock_no_accept,
	getname: inet_getname,
	poll: udp_poll,
	listen: sock_no_listen,
	shutdown: inet_shutdown,
	setsockopt: sock_common_setsockopt,
	getsockopt: sock_common_getsockopt,
	sendmsg: inet_sendmsg,
	recvmsg: inet_recvmsg,
	set_peek_off: sk_set_peek_off,
};

/* What inet_dgram_ops does but for datagram_poll(). */
const inet_sockraw_ops: proto_ops = {
	family: PF_INET,
	release: inet_release,
	bind: inet_bind,
	connect: inet_dgram_connect,
	accept: sock_no_accept,
	getname: inet_getname,
	poll: datagram_poll,
	listen: sock_no_listen,
	shutdown: inet_shutdown,
	setsockopt: sock_common_setsockopt,
	getsockopt: sock_common_getsockopt,
	sendmsg: inet_sendmsg,
	recvmsg: inet_recvmsg,
};

const inet_family_ops: net_proto_family = { family: PF_INET, create: inet_create };

const inetsw_array: readonly inet_protosw[] = [
	{
		type: SOCK_STREAM,
		protocol: IPPROTO_TCP,
		prot: tcp_prot,
		ops: inet_stream_ops,
		flags: INET_PROTOSW_PERMANENT | INET_PROTOSW_ICSK,
	},
	{
		type: SOCK_DGRAM,
		protocol: IPPROTO_UDP,
		prot: udp_prot,
		ops: inet_dgram_ops,
		flags: INET_PROTOSW_PERMANENT,
	},
	{
		type: SOCK_DGRAM,
		protocol: IPPROTO_ICMP,
		prot: ping_prot,
		ops: inet_sockraw_ops,
		flags: INET_PROTOSW_REUSE,
	},
	{
		type: SOCK_RAW,
		protocol: IPPROTO_IP,
		prot: raw_prot,
		ops: inet_sockraw_ops,
		flags: INET_PROTOSW_REUSE,
	},
];

/**
 * Makes a (type, protocol) pair known; a permanent one is not overridden.
 * @kernel net/ipv4/af_inet.c:1156 (v5.10)
 */
export function inet_register_protosw(m: Machine, p: inet_protosw): void {
	if (p.type >= SOCK_MAX) {
		m.printk(`Ignoring attempt to register invalid socket type ${p.type}`);
		return;
	}
	const list = inetsw.of(m)[p.type];
	let at = 0;
	for (const answer of list) {
		/* Permanent entries come first. */
		if ((answer.flags & INET_PROTOSW_PERMANENT) === 0) break;
		if (p.protocol === answer.protocol) {
			m.printk(`Attempt to override permanent protocol ${p.protocol}`);
			return;
		}
		at++;
	}
	list.splice(at, 0, p);
}

/**
 * Forgets a (type, protocol) pair that is not permanent.
 * @kernel net/ipv4/af_inet.c:1203 (v5.10)
 */
export function inet_unregister_protosw(m: Machine, p: inet_protosw): void {
	if ((p.flags & INET_PROTOSW_PERMANENT) !== 0) {
		m.printk(`Attempt to unregister permanent protocol ${p.protocol}`);
		return;
	}
	const list = inetsw.of(m)[p.type];
	const i = list.indexOf(p);
	if (i >= 0) list.splice(i, 1);
}

/**
 * Cuts a GSO packet, data at the IP header, into packets with IDs that follow each other.
 * @param features NETIF_F_*: what the device does itself
 * @returns the first packet, null when the packet can go out as it is, -EINVAL, -EPROTONOSUPPORT
 * @kernel net/ipv4/af_inet.c:1327 (v5.10)
 */
export function inet_gso_segment(skb: sk_buff, features: number): sk_buff | number | null {
	skb_reset_network_header(skb);
	const nhoff = skb.network_header - skb.mac_header;
	if (!pskb_may_pull(skb, IPHDR_LEN)) return -EINVAL;
	const ihl = (skb.head[skb.network_header] & 0xf) * 4;
	if (ihl < IPHDR_LEN) return -EINVAL;
	let id = get_unaligned_be16(skb.head, skb.network_header + IPHDR_id) as number;
	const proto = skb.head[skb.network_header + IPHDR_protocol];
	if (!pskb_may_pull(skb, ihl)) return -EINVAL;
	__skb_pull(skb, ihl);
	skb_reset_transport_header(skb);
	const fixedid = (skb.shinfo.gso_type & SKB_GSO_TCP_FIXEDID) !== 0;
	if (
		fixedid &&
		(get_unaligned_be16(skb.head, skb.network_header + IPHDR_frag_off) & IP_DF) === 0
	)
		return -EPROTONOSUPPORT;
	const ops = inet_offloads.of(skb.machine)[proto];
	if (ops?.gso_segment === undefined) return -EPROTONOSUPPORT;
	const segs = ops.gso_segment(skb, features);
	if (segs === null || IS_ERR(segs)) return segs;
	for (let seg: sk_buff | null = segs; seg !== null; seg = seg.next) {
		const iph = seg.mac_header + nhoff;
		const { view } = seg;
		if (!fixedid) {
			view.setUint16(iph + IPHDR_id, id);
			id += skb_is_gso(seg) ? seg.shinfo.gso_segs : 1;
		}
		view.setUint16(iph + IPHDR_tot_len, seg.len - nhoff);
		ip_send_check(view, iph);
		seg.network_header = iph;
		skb_reset_mac_len(seg);
	}
	return segs;
}

const tcp_protocol: net_protocol = {
	early_demux: tcp_v4_early_demux,
	early_demux_handler: tcp_v4_early_demux,
	handler: tcp_v4_rcv,
	err_handler: tcp_v4_err,
	no_policy: true,
	netns_ok: true,
	icmp_strict_tag_validation: true,
};

const udp_protocol: net_protocol = {
	early_demux: udp_v4_early_demux,
	early_demux_handler: udp_v4_early_demux,
	handler: udp_rcv,
	err_handler: udp_err,
	no_policy: true,
	netns_ok: true,
	icmp_strict_tag_validation: false,
};

const icmp_protocol: net_protocol = {
	handler: icmp_rcv,
	err_handler: icmp_err,
	no_policy: true,
	netns_ok: true,
	icmp_strict_tag_validation: false,
};

/**
 * Sets the counters that do not begin at 0.
 * @kernel net/ipv4/af_inet.c:1758 (v5.10)
 */
function ipv4_mib_init_net(net: net): number {
	tcp_mib_init(net);
	return 0;
}

/**
 * Does so in every namespace.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/af_inet.c:1831 (v5.10)
 */
function init_ipv4_mibs(m: Machine): number {
	return register_pernet_subsys(m, { init: ipv4_mib_init_net });
}

/**
 * Starts the cutting of GSO packets over IPv4.
 * @returns 0
 * @kernel net/ipv4/af_inet.c:1914 (v5.10)
 */
export function ipv4_offload_init(m: Machine): number {
	tcpv4_offload_init(m);
	dev_add_offload(m, { type: htons(ETH_P_IP), gso_segment: inet_gso_segment });
	return 0;
}

/**
 * Starts IPv4 on a machine, behind the core of networking and before anything that stands on IPv4.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/af_inet.c:1938 (v5.10)
 */
export function inet_init(m: Machine): number {
	sock_register(m, inet_family_ops);
	/* PORT: net/core/ does not import this folder. */
	sock_gen_put_hook.of(m).fn = sock_gen_put;
	inet_add_protocol(m, icmp_protocol, IPPROTO_ICMP);
	inet_add_protocol(m, udp_protocol, IPPROTO_UDP);
	inet_add_protocol(m, tcp_protocol, IPPROTO_TCP);
	for (const q of inetsw_array) inet_register_protosw(m, q);
	arp_init(m);
	ip_init(m);
	ip_forward_init(m);
	tcp_init(m);
	tcp_v4_init(m);
	udp_init(m);
	ping_init(m);
	const err = icmp_init(m);
	if (err !== 0) return err;
	init_ipv4_mibs(m);
	ipv4_proc_init(m);
	ipfrag_init(m);
	ip_input_init(m);
	return 0;
}

/**
 * Shows sockets under /proc/net.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/af_inet.c:2068 (v5.10)
 */
function ipv4_proc_init(m: Machine): number {
	raw_proc_init(m);
	udp4_proc_init(m);
	ping_proc_init(m);
	return ip_misc_proc_init(m);
}
