// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/af_inet6.c, base v5.10: the socket calls of AF_INET6 and the start of IPv6 on a machine.
 *
 * PORT: every program is root. Functions that the transports call are in inet6_common.ts, because this file
 * imports the transports; what socket() makes of (type, protocol) pairs, and inet6_sockraw_ops of net/ipv6/raw.c,
 * are here for the same reason. Not to be switched off by a module parameter.
 * Not ported: ioctl, cgroup BPF, sendpage, splice, UDP-Lite, flow label management, multicast and segment routing,
 * CALIPSO, /proc files but those of proc.ts.
 */
import { get_unaligned_be32, htons } from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { inet6_sk, ipv6_pinfo } from '../../include/linux/ipv6.ts';
import { HZ, machine_var, type Machine } from '../../include/linux/machine.ts';
import {
	SOCK_MAX,
	SS_UNCONNECTED,
	type net_proto_family,
	type proto_ops,
	type socket,
} from '../../include/linux/net.ts';
import { packet_type, type net_device } from '../../include/linux/netdevice.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import {
	AF_INET6,
	msg_data_left,
	MSG_DONTWAIT,
	PF_INET6,
	SOCK_DGRAM,
	SOCK_RAW,
	SOCK_STREAM,
	type msghdr,
	type sockaddr,
} from '../../include/linux/socket.ts';
import type { __be16, __be32, in6_addr } from '../../include/linux/types.ts';
import { inet_can_nonlocal_bind, inet_sk } from '../../include/net/inet_sock.ts';
import { inet_reset_saddr } from '../../include/net/ip.ts';
import {
	__ipv6_addr_needs_scope_id,
	FLOWLABEL_REFLECT_ESTABLISHED,
	IP6_DEFAULT_AUTO_FLOW_LABELS,
	IP6_DEFAULT_MAX_DST_OPTS_CNT,
	IP6_DEFAULT_MAX_DST_OPTS_LEN,
	IP6_DEFAULT_MAX_HBH_OPTS_CNT,
	IP6_DEFAULT_MAX_HBH_OPTS_LEN,
	IPV6_ADDR_ANY,
	ipv6_addr_any,
	ipv6_addr_copy,
	IPV6_ADDR_MAPPED,
	IPV6_ADDR_MULTICAST,
	ipv6_addr_type,
	ipv6_can_nonlocal_bind,
	IPV6_DEFAULT_MCASTHOPS,
	ipv6_iface_scope_id,
} from '../../include/net/ipv6.ts';
import { ipv6_stub } from '../../include/net/ipv6_stubs.ts';
import type { net, pernet_operations } from '../../include/net/net_namespace.ts';
import {
	INET_PROTOSW_ICSK,
	INET_PROTOSW_PERMANENT,
	INET_PROTOSW_REUSE,
	type inet_protosw,
} from '../../include/net/protocol.ts';
import {
	SK_CAN_REUSE,
	SOCK_BINDADDR_LOCK,
	SOCK_BINDPORT_LOCK,
	sock_net,
	type sock,
} from '../../include/net/sock.ts';
import { TCP_CLOSE, TCPF_CLOSE, TCPF_SYN_SENT } from '../../include/net/tcp_states.ts';
import { LOOPBACK4_IPV6 } from '../../include/net/transp_v6.ts';
import {
	EADDRINUSE,
	EADDRNOTAVAIL,
	EAFNOSUPPORT,
	EAGAIN,
	EINVAL,
	ENODEV,
	ENOTCONN,
	EPERM,
	EPROTONOSUPPORT,
	ESOCKTNOSUPPORT,
} from '../../include/uapi/linux/errno.ts';
import { ICMPV6_ERRMSG_MAX, ICMPV6_PKT_TOOBIG } from '../../include/uapi/linux/icmpv6.ts';
import { ETH_P_IPV6 } from '../../include/uapi/linux/if_ether.ts';
import {
	INADDR_ANY,
	IP_PMTUDISC_DONT,
	IP_PMTUDISC_WANT,
	IPPROTO_ICMPV6,
	IPPROTO_IP,
	IPPROTO_MAX,
	IPPROTO_RAW,
	IPPROTO_TCP,
	IPPROTO_UDP,
} from '../../include/uapi/linux/in.ts';
import { IPV6_PMTUDISC_WANT } from '../../include/uapi/linux/in6.ts';
import { RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST } from '../../include/uapi/linux/rtnetlink.ts';
import { datagram_poll } from '../core/datagram.ts';
import { dev_add_pack, dev_get_by_index_rcu } from '../core/dev.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import {
	lock_sock,
	release_sock,
	sk_alloc,
	sk_common_release,
	sk_set_peek_off,
	sock_common_getsockopt,
	sock_common_recvmsg,
	sock_common_setsockopt,
	sock_init_data,
	sock_no_accept,
	sock_no_listen,
} from '../core/sock.ts';
import {
	BIND_FORCE_ADDRESS_NO_PORT,
	BIND_WITH_LOCK,
	inet_accept,
	inet_dgram_connect,
	inet_listen,
	inet_release,
	inet_send_prepare,
	inet_sendmsg,
	inet_sendpage,
	inet_shutdown,
	inet_stream_connect,
} from '../ipv4/af_inet.ts';
import { inet_addr_type_dev_table } from '../ipv4/fib_frontend.ts';
import { inet_sock_destruct } from '../ipv4/inet_common.ts';
import { tcp_peek_len, tcp_poll, tcp_set_rcvlowat } from '../ipv4/tcp.ts';
import { udp_poll } from '../ipv4/udp.ts';
import { sock_register } from '../socket.ts';
import { addrconf_init, ipv6_chk_addr } from './addrconf.ts';
import { ipv6_sock_ac_close } from './anycast.ts';
import { ip6_datagram_init } from './datagram.ts';
import { ipv6_exthdrs_init } from './exthdrs.ts';
import { icmpv6_init } from './icmp.ts';
import { ip6_input_init, ipv6_rcv } from './ip6_input.ts';
import { ip6_output_init } from './ip6_output.ts';
import { igmp6_init, ipv6_sock_mc_close } from './mcast.ts';
import { ndisc_init, ndisc_late_init } from './ndisc.ts';
import { pingv6_init, pingv6_prot } from './ping.ts';
import { ipv6_misc_proc_init } from './proc.ts';
import { rawv6_init, rawv6_prot } from './raw.ts';
import { ipv6_frag_init } from './reassembly.ts';
import { ip6_route_init, ip6_route_input } from './route.ts';
import { ipv6_sysctl_register } from './sysctl_net_ipv6.ts';
import { tcpv6_init, tcpv6_prot } from './tcp_ipv6.ts';
import { udpv6_init, udpv6_prot } from './udp.ts';

/** What (type, protocol) pairs mean, permanent ones first. */
const inetsw6 = machine_var(() => Array.from({ length: SOCK_MAX }, (): inet_protosw[] => []));

/**
 * Tells whether IPv6 is there.
 * @kernel net/ipv6/af_inet6.c:97 (v5.10)
 */
export function ipv6_mod_enabled(): boolean {
	return true;
}

/**
 * Finds what a (type, protocol) pair means.
 * @param protocol IPPROTO_IP for the type's own
 * @returns the entry, -ESOCKTNOSUPPORT for a type nobody serves, -EPROTONOSUPPORT
 * @kernel PORT: a step of inet6_create()
 */
function inet6_protosw_find(m: Machine, type: number, protocol: number): inet_protosw | number {
	let err = -ESOCKTNOSUPPORT;

	for (const answer of inetsw6.of(m)[type]) {
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
 * Makes an AF_INET6 socket.
 * @param protocol IPPROTO_*, IPPROTO_IP for the type's own
 * @param kern true for the kernel's own
 * @returns 0, -EINVAL, -ESOCKTNOSUPPORT, -EPROTONOSUPPORT, or what the protocol answers
 * @kernel net/ipv6/af_inet6.c:110 (v5.10)
 */
function inet6_create(net: net, sock: socket, protocol: number, kern: boolean): number {
	if (protocol < 0 || protocol >= IPPROTO_MAX) return -EINVAL;

	/* PORT: socket() has done so in C */
	sock.state = SS_UNCONNECTED;

	const answer = inet6_protosw_find(net.machine, sock.type, protocol);
	if (IS_ERR(answer)) return answer;
	if (protocol === IPPROTO_IP) ({ protocol } = answer);

	sock.ops = answer.ops;

	const sk = sk_alloc(net, PF_INET6, answer.prot, kern);

	sock_init_data(sock, sk);

	if ((answer.flags & INET_PROTOSW_REUSE) !== 0) sk.sk_reuse = SK_CAN_REUSE;

	const inet = inet_sk(sk);
	inet.is_icsk = (answer.flags & INET_PROTOSW_ICSK) !== 0;

	if (sock.type === SOCK_RAW) {
		inet.inet_num = protocol;
		if (protocol === IPPROTO_RAW) inet.hdrincl = true;
	}

	sk.sk_destruct = inet_sock_destruct;
	sk.sk_family = PF_INET6;
	sk.sk_protocol = protocol;

	sk.sk_backlog_rcv = answer.prot.backlog_rcv ?? sk.sk_backlog_rcv;

	const np = (inet.pinet6 = new ipv6_pinfo());
	np.hop_limit = -1;
	np.mcast_hops = IPV6_DEFAULT_MCASTHOPS;
	np.mc_loop = 1;
	np.mc_all = 1;
	np.pmtudisc = IPV6_PMTUDISC_WANT;
	np.repflow = net.ipv6.sysctl.flowlabel_reflect & FLOWLABEL_REFLECT_ESTABLISHED;
	sk.sk_ipv6only = net.ipv6.sysctl.bindv6only !== 0;

	/* the socket may talk IPv4 */
	inet.uc_ttl = -1;

	inet.mc_loop = true;
	inet.mc_ttl = 1;
	inet.mc_index = 0;
	inet.rcv_tos = 0;

	inet.pmtudisc =
		net.ipv4.sysctl_ip_no_pmtu_disc !== 0 ? IP_PMTUDISC_DONT : IP_PMTUDISC_WANT;

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
 * Tells whether an owned socket may have an address, and chooses its device by a scoped one.
 * @param addr_type ipv6_addr_type() of it
 * @returns the IPv4 address that goes with it (network order), or -EINVAL, -ENODEV, -EADDRNOTAVAIL
 * @kernel PORT: a step of __inet6_bind()
 */
function inet6_bind_check(
	sk: sock,
	addr: in6_addr,
	addr_type: number,
	scope_id: number,
): __be32 | number {
	const inet = inet_sk(sk);
	const net = sock_net(sk);
	let dev: net_device | null = null;

	if (addr_type === IPV6_ADDR_MAPPED) {
		if (sk.sk_ipv6only) return -EINVAL;

		if (sk.sk_bound_dev_if !== 0) {
			dev = dev_get_by_index_rcu(net, sk.sk_bound_dev_if);
			if (dev === null) return -ENODEV;
		}

		const v4addr = get_unaligned_be32(addr, 12);
		const chk_addr_ret = inet_addr_type_dev_table(net, dev, v4addr);

		if (
			!inet_can_nonlocal_bind(net, inet) &&
			v4addr !== INADDR_ANY &&
			chk_addr_ret !== RTN_LOCAL &&
			chk_addr_ret !== RTN_MULTICAST &&
			chk_addr_ret !== RTN_BROADCAST
		)
			return -EADDRNOTAVAIL;
		return v4addr;
	}

	if (addr_type === IPV6_ADDR_ANY) return 0;

	if (__ipv6_addr_needs_scope_id(addr_type)) {
		if (scope_id !== 0) sk.sk_bound_dev_if = scope_id;

		/* a link-local address means nothing without an interface */
		if (sk.sk_bound_dev_if === 0) return -EINVAL;
	}

	if (sk.sk_bound_dev_if !== 0) {
		dev = dev_get_by_index_rcu(net, sk.sk_bound_dev_if);
		if (dev === null) return -ENODEV;
	}

	if (
		(addr_type & IPV6_ADDR_MULTICAST) === 0 &&
		!ipv6_can_nonlocal_bind(net, inet) &&
		!ipv6_chk_addr(net, addr, dev, 0)
	)
		return -EADDRNOTAVAIL;
	/* no IPv4 address is like it */
	return LOOPBACK4_IPV6;
}

/**
 * Binds a socket to an address and a port.
 * @param flags BIND_*
 * @returns 0, -EAFNOSUPPORT, -EINVAL when it is bound already, -EADDRNOTAVAIL, -EADDRINUSE, -ENODEV
 * @kernel net/ipv6/af_inet6.c:277 (v5.10)
 */
function __inet6_bind(sk: sock, uaddr: sockaddr, flags: number): number {
	if (uaddr.family !== AF_INET6) return -EAFNOSUPPORT;

	const addr_type = ipv6_addr_type(uaddr.addr);
	if ((addr_type & IPV6_ADDR_MULTICAST) !== 0 && sk.sk_type === SOCK_STREAM) return -EINVAL;

	if ((flags & BIND_WITH_LOCK) !== 0) lock_sock(sk);
	const err = inet6_bind_owned(
		sk,
		uaddr.addr,
		addr_type,
		uaddr.port & 0xffff,
		uaddr.scope_id ?? 0,
		flags,
	);
	if ((flags & BIND_WITH_LOCK) !== 0) release_sock(sk);
	return err;
}

/**
 * Binds an owned socket to an address and a port.
 * @returns see __inet6_bind()
 * @kernel PORT: the part of __inet6_bind() under the lock
 */
function inet6_bind_owned(
	sk: sock,
	addr: in6_addr,
	addr_type: number,
	snum: number,
	scope_id: number,
	flags: number,
): number {
	const inet = inet_sk(sk);
	const np = inet6_sk(sk)!;

	if (sk.sk_state !== TCP_CLOSE || inet.inet_num !== 0) return -EINVAL;

	const v4addr = inet6_bind_check(sk, addr, addr_type, scope_id);
	if (v4addr < 0) return v4addr;

	inet.inet_rcv_saddr = v4addr as __be32;
	inet.inet_saddr = v4addr as __be32;

	ipv6_addr_copy(sk.sk_v6_rcv_saddr, addr);

	if ((addr_type & IPV6_ADDR_MULTICAST) === 0) ipv6_addr_copy(np.saddr, addr);

	const saved_ipv6only = sk.sk_ipv6only;
	if (addr_type !== IPV6_ADDR_ANY && addr_type !== IPV6_ADDR_MAPPED) sk.sk_ipv6only = true;

	if (
		(snum !== 0 ||
			!(inet.bind_address_no_port || (flags & BIND_FORCE_ADDRESS_NO_PORT) !== 0)) &&
		sk.sk_prot.get_port!(sk, snum) !== 0
	) {
		sk.sk_ipv6only = saved_ipv6only;
		inet_reset_saddr(sk);
		return -EADDRINUSE;
	}

	if (addr_type !== IPV6_ADDR_ANY) sk.sk_userlocks |= SOCK_BINDADDR_LOCK;
	if (snum !== 0) sk.sk_userlocks |= SOCK_BINDPORT_LOCK;
	inet.inet_sport = htons(inet.inet_num);
	inet.inet_dport = 0 as __be16;
	inet.inet_daddr = 0 as __be32;
	return 0;
}

/**
 * Binds a socket to an address and a port.
 * @returns see __inet6_bind(), or what the protocol answers
 * @kernel net/ipv6/af_inet6.c:439 (v5.10)
 */
export function inet6_bind(sock: socket, uaddr: sockaddr): number {
	const sk = sock.sk!;

	if (sk.sk_prot.bind !== undefined) return sk.sk_prot.bind(sk, uaddr);

	return __inet6_bind(sk, uaddr, BIND_WITH_LOCK);
}

/**
 * Closes an AF_INET6 socket.
 * @returns 0, or -EINVAL when it is closed
 * @kernel net/ipv6/af_inet6.c:462 (v5.10)
 */
export function inet6_release(sock: socket): number {
	const { sk } = sock;

	if (sk === null) return -EINVAL;

	ipv6_sock_mc_close(sk);
	ipv6_sock_ac_close(sk);

	return inet_release(sock);
}

/**
 * Own or peer's address.
 * @param peer 0 for our own, 1 for the connected peer's, 2 for the peer's in any state
 * @returns the address, or -ENOTCONN
 * @kernel net/ipv6/af_inet6.c:509 (v5.10)
 */
export function inet6_getname(sock: socket, peer: number): sockaddr | number {
	const sk = sock.sk!;
	const inet = inet_sk(sk);
	const np = inet6_sk(sk)!;
	const addr = new Uint8Array(16);
	let port: number;
	let flowinfo = 0;

	if (peer !== 0) {
		if (
			inet.inet_dport === 0 ||
			(((1 << sk.sk_state) & (TCPF_CLOSE | TCPF_SYN_SENT)) !== 0 && peer === 1)
		)
			return -ENOTCONN;
		port = inet.inet_dport;
		ipv6_addr_copy(addr, sk.sk_v6_daddr);
		if (np.sndflow !== 0) flowinfo = np.flow_label;
	} else {
		const any = ipv6_addr_any(sk.sk_v6_rcv_saddr);
		ipv6_addr_copy(addr, any ? np.saddr : sk.sk_v6_rcv_saddr);
		port = inet.inet_sport;
	}
	return {
		family: AF_INET6,
		addr,
		port,
		flowinfo,
		scope_id: ipv6_iface_scope_id(addr, sk.sk_bound_dev_if),
	};
}

/**
 * Sends a message.
 * @returns bytes or a negative errno
 * @kernel net/ipv6/af_inet6.c:631 (v5.10)
 */
export function inet6_sendmsg(sock: socket, msg: msghdr): number {
	const sk = sock.sk!;

	if (inet_send_prepare(sk) !== 0) return -EAGAIN;

	return sk.sk_prot.sendmsg!(sk, msg, msg_data_left(msg));
}

/**
 * Receives a message.
 * @param size bytes wanted
 * @param flags MSG_*
 * @returns bytes or a negative errno
 * @kernel net/ipv6/af_inet6.c:644 (v5.10)
 */
export function inet6_recvmsg(sock: socket, msg: msghdr, size: number, flags: number): number {
	const sk = sock.sk!;

	return sk.sk_prot.recvmsg!(
		sk,
		msg,
		size,
		(flags & MSG_DONTWAIT) !== 0,
		flags & ~MSG_DONTWAIT,
	);
}

export const inet6_stream_ops: proto_ops = {
	family: PF_INET6,
	release: inet6_release,
	bind: inet6_bind,
	connect: inet_stream_connect,
	accept: inet_accept,
	getname: inet6_getname,
	poll: tcp_poll,
	listen: inet_listen,
	shutdown: inet_shutdown,
	setsockopt: sock_common_setsockopt,
	getsockopt: sock_common_getsockopt,
	sendmsg: inet6_sendmsg,
	recvmsg: inet6_recvmsg,
	sendpage: inet_sendpage,
	peek_len: tcp_peek_len,
	set_rcvlowat: tcp_set_rcvlowat,
};

export const inet6_dgram_ops: proto_ops = {
	family: PF_INET6,
	release: inet6_release,
	bind: inet6_bind,
	connect: inet_dgram_connect,
	accept: sock_no_accept,
	getname: inet6_getname,
	poll: udp_poll,
	listen: sock_no_listen,
	shutdown: inet_shutdown,
	setsockopt: sock_common_setsockopt,
	getsockopt: sock_common_getsockopt,
	sendmsg: inet6_sendmsg,
	recvmsg: inet6_recvmsg,
	set_peek_off: sk_set_peek_off,
};

/* What inet6_dgram_ops does but for datagram_poll(). */
const inet6_sockraw_ops: proto_ops = {
	family: PF_INET6,
	release: inet6_release,
	bind: inet6_bind,
	connect: inet_dgram_connect,
	accept: sock_no_accept,
	getname: inet6_getname,
	poll: datagram_poll,
	listen: sock_no_listen,
	shutdown: inet_shutdown,
	setsockopt: sock_common_setsockopt,
	getsockopt: sock_common_getsockopt,
	sendmsg: inet_sendmsg,
	recvmsg: sock_common_recvmsg,
};

const inet6_family_ops: net_proto_family = { family: PF_INET6, create: inet6_create };

const tcpv6_protosw: inet_protosw = {
	type: SOCK_STREAM,
	protocol: IPPROTO_TCP,
	prot: tcpv6_prot,
	ops: inet6_stream_ops,
	flags: INET_PROTOSW_PERMANENT | INET_PROTOSW_ICSK,
};

const udpv6_protosw: inet_protosw = {
	type: SOCK_DGRAM,
	protocol: IPPROTO_UDP,
	prot: udpv6_prot,
	ops: inet6_dgram_ops,
	flags: INET_PROTOSW_PERMANENT,
};

const pingv6_protosw: inet_protosw = {
	type: SOCK_DGRAM,
	protocol: IPPROTO_ICMPV6,
	prot: pingv6_prot,
	ops: inet6_sockraw_ops,
	flags: INET_PROTOSW_REUSE,
};

const rawv6_protosw: inet_protosw = {
	type: SOCK_RAW,
	protocol: IPPROTO_IP,
	prot: rawv6_prot,
	ops: inet6_sockraw_ops,
	flags: INET_PROTOSW_REUSE,
};

/**
 * Makes a (type, protocol) pair known; a permanent one is not overridden.
 * @returns 0, -EINVAL for a type that does not exist, -EPERM
 * @kernel net/ipv6/af_inet6.c:728 (v5.10)
 */
export function inet6_register_protosw(m: Machine, p: inet_protosw): number {
	if (p.type >= SOCK_MAX) {
		m.printk(`Ignoring attempt to register invalid socket type ${p.type}`);
		return -EINVAL;
	}

	const list = inetsw6.of(m)[p.type];
	let at = 0;
	for (let i = 0; i < list.length; i++) {
		if ((list[i].flags & INET_PROTOSW_PERMANENT) === 0) continue;
		if (p.protocol === list[i].protocol) {
			m.printk(`Attempt to override permanent protocol ${p.protocol}`);
			return -EPERM;
		}
		at = i + 1;
	}

	/* Behind the permanent ones, before the others. */
	list.splice(at, 0, p);
	return 0;
}

/**
 * Forgets a (type, protocol) pair that is not permanent.
 * @kernel net/ipv6/af_inet6.c:785 (v5.10)
 */
export function inet6_unregister_protosw(m: Machine, p: inet_protosw): void {
	if ((p.flags & INET_PROTOSW_PERMANENT) !== 0) {
		m.printk(`Attempt to unregister permanent protocol ${p.protocol}`);
		return;
	}
	const list = inetsw6.of(m)[p.type];
	const i = list.indexOf(p);
	if (i >= 0) list.splice(i, 1);
}

/**
 * Begins to take IPv6 packets from devices.
 * @returns 0
 * @kernel net/ipv6/af_inet6.c:869 (v5.10)
 */
function ipv6_packet_init(m: Machine): number {
	dev_add_pack(m, new packet_type(htons(ETH_P_IPV6), ipv6_rcv));
	return 0;
}

/**
 * Sets a namespace's settings.
 * @returns 0
 * @kernel net/ipv6/af_inet6.c:930 (v5.10)
 */
function inet6_net_init(net: net): number {
	const { sysctl } = net.ipv6;

	sysctl.bindv6only = 0;
	sysctl.icmpv6_time = HZ;
	sysctl.icmpv6_echo_ignore_all = 0;
	sysctl.icmpv6_echo_ignore_multicast = 0;
	sysctl.icmpv6_echo_ignore_anycast = 0;

	/* Errors are limited, but for those that path MTU discovery needs. */
	const mask = sysctl.icmpv6_ratemask;
	for (let type = 0; type <= ICMPV6_ERRMSG_MAX; type++) mask[type >> 5] |= 1 << (type & 31);
	mask[ICMPV6_PKT_TOOBIG >> 5] &= ~(1 << (ICMPV6_PKT_TOOBIG & 31));

	sysctl.flowlabel_consistency = 1;
	sysctl.auto_flowlabels = IP6_DEFAULT_AUTO_FLOW_LABELS;
	sysctl.idgen_retries = 3;
	sysctl.idgen_delay = HZ;
	sysctl.flowlabel_state_ranges = 0;
	sysctl.max_dst_opts_cnt = IP6_DEFAULT_MAX_DST_OPTS_CNT;
	sysctl.max_hbh_opts_cnt = IP6_DEFAULT_MAX_HBH_OPTS_CNT;
	sysctl.max_dst_opts_len = IP6_DEFAULT_MAX_DST_OPTS_LEN;
	sysctl.max_hbh_opts_len = IP6_DEFAULT_MAX_HBH_OPTS_LEN;
	net.ipv6.fib6_sernum = 1;
	return 0;
}

const inet6_net_ops: pernet_operations = {
	init: inet6_net_init,
};

/**
 * Routes a packet for code that does not depend on IPv6.
 * @returns 0 or the route's errno
 * @kernel net/ipv6/af_inet6.c:1001 (v5.10)
 */
function ipv6_route_input(skb: sk_buff): number {
	ip6_route_input(skb);
	return skb._dst!.error;
}

/** What inet6_init() does, in this order. */
const inet6_initcalls: readonly ((m: Machine) => number)[] = [
	/* Raw sockets come before those of the kernel, which are raw. */
	rawv6_init,
	(m) => inet6_register_protosw(m, rawv6_protosw),
	(m) => sock_register(m, inet6_family_ops),
	(m) => register_pernet_subsys(m, inet6_net_ops),
	icmpv6_init,
	ndisc_init,
	igmp6_init,
	ipv6_misc_proc_init,
	ip6_route_init,
	ndisc_late_init,
	addrconf_init,
	ipv6_exthdrs_init,
	ipv6_frag_init,
	udpv6_init,
	(m) => inet6_register_protosw(m, udpv6_protosw),
	tcpv6_init,
	(m) => inet6_register_protosw(m, tcpv6_protosw),
	ipv6_packet_init,
	pingv6_init,
	(m) => inet6_register_protosw(m, pingv6_protosw),
	ipv6_sysctl_register,
];

/**
 * Starts IPv6 on a machine, behind IPv4.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/af_inet6.c:1038 (v5.10)
 */
export function inet6_init(m: Machine): number {
	/* PORT: calls against the order of imports, see include/net/ipv6_stubs.ts */
	ip6_input_init(m);
	ip6_output_init(m);
	ip6_datagram_init(m);
	ipv6_stub.of(m).ipv6_route_input = ipv6_route_input;

	for (const init of inet6_initcalls) {
		const err = init(m);
		if (err < 0) return err;
	}
	return 0;
}
