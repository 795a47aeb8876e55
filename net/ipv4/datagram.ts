// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/datagram.c, base v5.10: connecting datagram sockets.
 */
import { IS_ERR } from '../../include/linux/err.ts';
import { htons } from '../../include/linux/byteorder/generic.ts';
import { ipv4_is_multicast } from '../../include/linux/in.ts';
import { machine_var, prandom_u32 } from '../../include/linux/machine.ts';
import { AF_INET, type sockaddr } from '../../include/linux/socket.ts';
import type { __be32 } from '../../include/linux/types.ts';
import { flowi4 } from '../../include/net/flow.ts';
import { inet_sk } from '../../include/net/inet_sock.ts';
import { RT_CONN_FLAGS } from '../../include/net/ip.ts';
import { netif_index_is_l3_master } from '../../include/net/l3mdev.ts';
import { RTCF_BROADCAST } from '../../include/net/route.ts';
import { IP_INC_STATS } from '../../include/net/snmp.ts';
import {
	__sk_dst_get,
	sk_set_txhash,
	SOCK_BROADCAST,
	sock_flag,
	sock_net,
	type sock,
} from '../../include/net/sock.ts';
import { TCP_ESTABLISHED } from '../../include/net/tcp_states.ts';
import { EACCES, EAFNOSUPPORT, ENETUNREACH } from '../../include/uapi/linux/errno.ts';
import { IPSTATS_MIB_OUTNOROUTES } from '../../include/uapi/linux/snmp.ts';
import { lock_sock, release_sock, sk_dst_reset, sk_dst_set } from '../core/sock.ts';
import { ip_route_connect, ip_route_output_ports, ip_rt_put } from './route.ts';

/**
 * Connects an owned datagram socket: chooses route and source address.
 * @returns 0, -EAFNOSUPPORT, -EACCES for a broadcast address without SO_BROADCAST, or the route's errno
 * @kernel net/ipv4/datagram.c:20 (v5.10)
 */
export function __ip4_datagram_connect(sk: sock, uaddr: sockaddr): number {
	const inet = inet_sk(sk);
	if (uaddr.family !== AF_INET) return -EAFNOSUPPORT;
	const usin_addr = (uaddr.addr >>> 0) as __be32;
	const usin_port = htons(uaddr.port);
	sk_dst_reset(sk);
	let oif = sk.sk_bound_dev_if;
	let saddr = inet.inet_saddr;
	if (ipv4_is_multicast(usin_addr)) {
		if (oif === 0 || netif_index_is_l3_master(sock_net(sk), oif)) oif = inet.mc_index;
		if (saddr === 0) saddr = inet.mc_addr;
	}
	const fl4 = inet.cork.fl4;
	const rt = ip_route_connect(
		fl4,
		usin_addr,
		saddr,
		RT_CONN_FLAGS(sk),
		oif,
		sk.sk_protocol,
		inet.inet_sport,
		usin_port,
		sk,
	);
	if (IS_ERR(rt)) {
		if (rt === -ENETUNREACH) IP_INC_STATS(sock_net(sk), IPSTATS_MIB_OUTNOROUTES);
		return rt;
	}
	if ((rt.rt_flags & RTCF_BROADCAST) !== 0 && !sock_flag(sk, SOCK_BROADCAST)) {
		ip_rt_put(rt);
		return -EACCES;
	}
	if (inet.inet_saddr === 0) inet.inet_saddr = fl4.saddr;
	if (inet.inet_rcv_saddr === 0) {
		inet.inet_rcv_saddr = fl4.saddr;
		sk.sk_prot.rehash?.(sk);
	}
	inet.inet_daddr = fl4.daddr;
	inet.inet_dport = usin_port;
	sk.sk_state = TCP_ESTABLISHED;
	sk_set_txhash(sk);
	inet.inet_id = prandom_u32(sk.machine) & 0xffff;
	sk_dst_set(sk, rt);
	return 0;
}

/**
 * Connects a datagram socket.
 * @returns see __ip4_datagram_connect()
 * @kernel net/ipv4/datagram.c:85 (v5.10)
 */
export function ip4_datagram_connect(sk: sock, uaddr: sockaddr): number {
	lock_sock(sk);
	const res = __ip4_datagram_connect(sk, uaddr);
	release_sock(sk);
	return res;
}

/** Flow of the lookup at hand. */
const release_fl4 = machine_var(() => new flowi4());

/**
 * Looks up the route of a connected socket anew when it went stale while the socket was owned.
 * @kernel net/ipv4/datagram.c:100 (v5.10)
 */
export function ip4_datagram_release_cb(sk: sock): void {
	const inet = inet_sk(sk);
	const dst = __sk_dst_get(sk);
	if (dst === null || dst.obsolete === 0 || dst.ops.check(dst, 0) !== null) return;
	let daddr = inet.inet_daddr;
	if (inet.inet_opt !== null && inet.inet_opt.opt.srr !== 0) daddr = inet.inet_opt.opt.faddr;
	const rt = ip_route_output_ports(
		sock_net(sk),
		release_fl4.of(sk.machine),
		sk,
		daddr,
		inet.inet_saddr,
		inet.inet_dport,
		inet.inet_sport,
		sk.sk_protocol,
		RT_CONN_FLAGS(sk),
		sk.sk_bound_dev_if,
	);
	sk_dst_set(sk, IS_ERR(rt) ? null : rt);
}
