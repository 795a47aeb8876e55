// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PORT: no kernel file of this path; functions of net/ipv4/af_inet.c that the transports and ICMP call, while
 * af_inet.ts itself imports the transports. include/net/inet_common.h declares them (base v5.10).
 */
import { IS_ERR } from '../../include/linux/err.ts';
import { AF_INET, AF_INET6, SOCK_STREAM, type msghdr } from '../../include/linux/socket.ts';
import type { __be32 } from '../../include/linux/types.ts';
import { inet_sk } from '../../include/net/inet_sock.ts';
import { RT_CONN_FLAGS } from '../../include/net/ip.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { pingv6_ops } from '../../include/net/ping.ts';
import {
	SOCK_BINDADDR_LOCK,
	SOCK_DEAD,
	sock_flag,
	sock_net,
	type sock,
} from '../../include/net/sock.ts';
import { TCP_CLOSE, TCP_SYN_SENT } from '../../include/net/tcp_states.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import { dst_release } from '../../include/net/dst.ts';
import { __skb_queue_purge } from '../core/skbuff.ts';
import { __sk_dst_check, sk_mem_reclaim, sk_setup_caps } from '../core/sock.ts';
import { sock_create_kern, sock_release } from '../socket.ts';
import { ip_recv_error } from './ip_sockglue.ts';
import { ip_route_connect, ip_route_output_ports } from './route.ts';

/**
 * Ends an Internet socket nobody holds any more.
 * @kernel net/ipv4/af_inet.c:131 (v5.10)
 */
export function inet_sock_destruct(sk: sock): void {
	const inet = inet_sk(sk);
	const m = sk.machine;
	__skb_queue_purge(sk.sk_receive_queue);
	__skb_queue_purge(sk.sk_error_queue);
	sk_mem_reclaim(sk);
	if (sk.sk_type === SOCK_STREAM && sk.sk_state !== TCP_CLOSE) {
		m.record('WARN', 'inet_sock_destruct', `TCP socket in state ${sk.sk_state}`);
		return;
	}
	if (!sock_flag(sk, SOCK_DEAD)) {
		m.record('WARN', 'inet_sock_destruct', 'the socket is alive');
		return;
	}
	if (sk.sk_rmem_alloc !== 0)
		m.record('WARN', 'inet_sock_destruct', `sk_rmem_alloc ${sk.sk_rmem_alloc}`);
	if (sk.sk_wmem_alloc !== 0)
		m.record('WARN', 'inet_sock_destruct', `sk_wmem_alloc ${sk.sk_wmem_alloc}`);
	if (sk.sk_wmem_queued !== 0)
		m.record('WARN', 'inet_sock_destruct', `sk_wmem_queued ${sk.sk_wmem_queued}`);
	if (sk.sk_forward_alloc !== 0)
		m.record('WARN', 'inet_sock_destruct', `sk_forward_alloc ${sk.sk_forward_alloc}`);
	inet.inet_opt = null;
	dst_release(sk.sk_dst_cache);
	sk.sk_dst_cache = null;
	dst_release(sk.sk_rx_dst);
	sk.sk_rx_dst = null;
}

/**
 * Chooses the source address anew for a connection that is begun on a dynamic address.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/af_inet.c:1218 (v5.10)
 */
function inet_sk_reselect_saddr(sk: sock): number {
	const inet = inet_sk(sk);
	const old_saddr = inet.inet_saddr;
	let daddr = inet.inet_daddr;
	const opt = inet.inet_opt;
	if (opt !== null && opt.opt.srr !== 0) daddr = opt.opt.faddr;
	const fl4 = inet.cork.fl4;
	const rt = ip_route_connect(
		fl4,
		daddr,
		0 as __be32,
		RT_CONN_FLAGS(sk),
		sk.sk_bound_dev_if,
		sk.sk_protocol,
		inet.inet_sport,
		inet.inet_dport,
		sk,
	);
	if (IS_ERR(rt)) return rt;
	sk_setup_caps(sk, rt);
	const new_saddr = fl4.saddr;
	if (new_saddr === old_saddr) return 0;
	inet.inet_saddr = inet.inet_rcv_saddr = new_saddr;
	sk.sk_prot.unhash!(sk);
	return sk.sk_prot.hash!(sk);
}

/**
 * Sees to it that a connection has a route.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/af_inet.c:1266 (v5.10)
 */
export function inet_sk_rebuild_header(sk: sock): number {
	const inet = inet_sk(sk);
	if (__sk_dst_check(sk, 0) !== null) return 0;
	let daddr = inet.inet_daddr;
	const opt = inet.inet_opt;
	if (opt !== null && opt.opt.srr !== 0) daddr = opt.opt.faddr;
	const rt = ip_route_output_ports(
		sock_net(sk),
		inet.cork.fl4,
		sk,
		daddr,
		inet.inet_saddr,
		inet.inet_dport,
		inet.inet_sport,
		sk.sk_protocol,
		RT_CONN_FLAGS(sk),
		sk.sk_bound_dev_if,
	);
	if (!IS_ERR(rt)) {
		sk_setup_caps(sk, rt);
		return 0;
	}
	let err = rt;
	sk.sk_route_caps = 0;
	if (
		sock_net(sk).ipv4.sysctl_ip_dynaddr === 0 ||
		sk.sk_state !== TCP_SYN_SENT ||
		(sk.sk_userlocks & SOCK_BINDADDR_LOCK) !== 0 ||
		(err = inet_sk_reselect_saddr(sk)) !== 0
	)
		sk.sk_err_soft = -err;
	return err;
}

/**
 * Reads an error off a socket's error queue, by its family.
 * @returns bytes or a negative errno
 * @kernel net/ipv4/af_inet.c:1594 (v5.10)
 */
export function inet_recv_error(sk: sock, msg: msghdr, len: number): number {
	if (sk.sk_family === AF_INET) return ip_recv_error(sk, msg, len);
	const ops = pingv6_ops.of(sk.machine).ops;
	if (sk.sk_family === AF_INET6 && ops !== null) return ops.ipv6_recv_error(sk, msg, len);
	return -EINVAL;
}

/**
 * Makes a socket of the kernel's own for a namespace; it receives nothing.
 * @returns the socket or a negative errno
 * @kernel net/ipv4/af_inet.c:1648 (v5.10)
 */
export function inet_ctl_sock_create(
	family: number,
	type: number,
	protocol: number,
	net: net,
): sock | number {
	const sock = sock_create_kern(net, family, type, protocol);
	if (IS_ERR(sock)) return sock;
	const sk = sock.sk!;
	/* Keep it out of the tables. */
	sk.sk_prot.unhash!(sk);
	return sk;
}

/**
 * Ends a socket of the kernel's own.
 * @kernel include/net/inet_common.h:60 (v5.10)
 */
export function inet_ctl_sock_destroy(sk: sock | null): void {
	if (sk?.sk_socket) sock_release(sk.sk_socket);
}
