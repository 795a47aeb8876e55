// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/datagram.c, base v5.10: what datagram and raw sockets over IPv6 have in common: connecting, error
 * queue, ancillary data.
 *
 * PORT: ancillary data are fields of the message. Everyone is root. What a "path MTU" notice carries in its
 * control block is in cb0 (bytes) and cb1 (interface). Flow labels are nobody's alone, so that none is looked up.
 * Not ported: routing headers a sender gives (type 2 is of mobile IPv6, the others are refused in C as well), and
 * with them options before a routing header; options of RFC 2292; RFC 4884 extensions; /proc lines.
 */
import {
	get_unaligned_be16,
	get_unaligned_be32,
} from '../../include/linux/byteorder/generic.ts';
import { SKB_EXT_ERR, type sock_exterr_skb } from '../../include/linux/errqueue.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { icmp6_hdr } from '../../include/linux/icmpv6.ts';
import { in6addr_loopback } from '../../include/linux/in6.ts';
import { ip_daddr, ip_saddr } from '../../include/linux/ip.ts';
import {
	inet6_sk,
	IP6CB,
	IP6SKB_HOPBYHOP,
	ipv6_authlen,
	ipv6_only_sock,
	ipv6_optlen,
} from '../../include/linux/ipv6.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import type { net_device } from '../../include/linux/netdevice.ts';
import {
	skb_reset_network_header,
	skb_reset_transport_header,
	skb_transport_offset,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import {
	AF_INET,
	AF_INET6,
	MSG_ERRQUEUE,
	MSG_TRUNC,
	type msghdr,
	type sockaddr,
} from '../../include/linux/socket.ts';
import type { __be16, __be32 } from '../../include/linux/types.ts';
import { flowi6 } from '../../include/net/flow.ts';
import { inet_sk } from '../../include/net/inet_sock.ts';
import { IPCB } from '../../include/net/ip.ts';
import {
	__ipv6_addr_needs_scope_id,
	__ipv6_addr_src_scope,
	__ipv6_addr_type,
	ip6_flow_hdr,
	ip6_flowinfo,
	IPV6_ADDR_ANY,
	ipv6_addr_any,
	ipv6_addr_copy,
	ipv6_addr_is_multicast,
	IPV6_ADDR_LINKLOCAL,
	IPV6_ADDR_MAPPED,
	IPV6_ADDR_MULTICAST,
	IPV6_ADDR_SCOPE_LINKLOCAL,
	ipv6_addr_set_v4mapped,
	ipv6_addr_type,
	ipv6_addr_v4mapped,
	ipv6_can_nonlocal_bind,
	IPV6_FLOWINFO_MASK,
	ipv6_get_dsfield,
	ipv6_iface_scope_id,
	type ipcm6_cookie,
} from '../../include/net/ipv6.ts';
import { ipv6_stub } from '../../include/net/ipv6_stubs.ts';
import { l3mdev_master_ifindex_by_index } from '../../include/net/l3mdev.ts';
import type { net } from '../../include/net/net_namespace.ts';
import {
	__sk_dst_get,
	sk_set_txhash,
	sock_net,
	sockcm_cookie,
	type sock,
} from '../../include/net/sock.ts';
import { TCP_ESTABLISHED } from '../../include/net/tcp_states.ts';
import { LOOPBACK4_IPV6 } from '../../include/net/transp_v6.ts';
import {
	EAFNOSUPPORT,
	EAGAIN,
	EINVAL,
	ENETUNREACH,
	ENODEV,
} from '../../include/uapi/linux/errno.ts';
import {
	SO_EE_ORIGIN_ICMP,
	SO_EE_ORIGIN_ICMP6,
	SO_EE_ORIGIN_LOCAL,
} from '../../include/uapi/linux/errqueue.ts';
import { ICMP6HDR_code, ICMP6HDR_LEN, ICMP6HDR_type } from '../../include/uapi/linux/icmpv6.ts';
import { IFA_F_TENTATIVE } from '../../include/uapi/linux/if_addr.ts';
import { ETH_P_IPV6 } from '../../include/uapi/linux/if_ether.ts';
import {
	INADDR_LOOPBACK,
	IPPROTO_AH,
	IPPROTO_DSTOPTS,
	IPPROTO_ROUTING,
} from '../../include/uapi/linux/in.ts';
import {
	IPV6_OPT_HDR_LEN,
	IPV6HDR_daddr,
	IPV6HDR_hop_limit,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_saddr,
} from '../../include/uapi/linux/ipv6.ts';
import { skb_copy_datagram_msg } from '../core/datagram.ts';
import { dev_get_by_index_rcu } from '../core/dev.ts';
import {
	__skb_pull,
	alloc_skb,
	consume_skb,
	kfree_skb,
	skb_clone,
	skb_header_pointer_off,
	skb_put,
} from '../core/skbuff.ts';
import {
	lock_sock,
	release_sock,
	sock_cmsg_send,
	sock_dequeue_err_skb,
	sock_queue_err_skb,
	sock_recv_timestamp,
} from '../core/sock.ts';
import { __ip4_datagram_connect } from '../ipv4/datagram.ts';
import { ip_cmsg_recv } from '../ipv4/ip_sockglue.ts';
import { ipv6_chk_addr_and_flags } from './addrconf.ts';
import { ipv6_chk_acast_addr_src } from './anycast.ts';
import { ip6_dst_lookup_flow } from './ip6_output.ts';
import { ip6_sk_dst_store_flow } from './route.ts';

/**
 * Tells whether an interface is the one a socket is bound to, or a port of that VRF.
 * @param dif interface index
 * @kernel PORT: inline of include/net/sock.h:2684, include/net/sock.ts may not import l3mdev.ts
 */
export function sk_dev_equal_l3scope(sk: sock, dif: number): boolean {
	if (sk.sk_bound_dev_if === 0 || sk.sk_bound_dev_if === dif) return true;

	const mdif = l3mdev_master_ifindex_by_index(sock_net(sk), dif);
	return mdif !== 0 && mdif === sk.sk_bound_dev_if;
}

/**
 * Tells whether an address stands for the IPv4 wildcard.
 * @kernel net/ipv6/datagram.c:36 (v5.10)
 */
function ipv6_mapped_addr_any(a: Uint8Array): boolean {
	return ipv6_addr_v4mapped(a) && get_unaligned_be32(a, 12) === 0;
}

/**
 * Makes the flow of a connected socket.
 * @kernel net/ipv6/datagram.c:41 (v5.10)
 */
function ip6_datagram_flow_key_init(fl6: flowi6, sk: sock): void {
	const inet = inet_sk(sk);
	const np = inet6_sk(sk)!;

	fl6.clear();
	fl6.flowi6_proto = sk.sk_protocol;
	ipv6_addr_copy(fl6.daddr, sk.sk_v6_daddr);
	ipv6_addr_copy(fl6.saddr, np.saddr);
	fl6.flowi6_oif = sk.sk_bound_dev_if;
	fl6.flowi6_mark = sk.sk_mark;
	fl6.fl6_dport = inet.inet_dport;
	fl6.fl6_sport = inet.inet_sport;
	fl6.flowlabel = np.flow_label;
	fl6.flowi6_uid = sk.sk_uid;

	if (fl6.flowi6_oif === 0) fl6.flowi6_oif = np.sticky_pktinfo.ipi6_ifindex;

	if (fl6.flowi6_oif === 0 && ipv6_addr_is_multicast(fl6.daddr)) fl6.flowi6_oif = np.mcast_oif;
}

/**
 * Looks up the route of a connected socket and caches it.
 * @param fix_sk_saddr give the socket the source address of the route unless it has one
 * @returns 0 or the route's errno
 * @kernel net/ipv6/datagram.c:66 (v5.10)
 */
export function ip6_datagram_dst_update(sk: sock, fix_sk_saddr: boolean): number {
	const inet = inet_sk(sk);
	const np = inet6_sk(sk)!;
	/* PORT: not shared scratch, an error on the way may ask for another socket's route */
	const fl6 = new flowi6();

	ip6_datagram_flow_key_init(fl6, sk);

	const dst = ip6_dst_lookup_flow(sock_net(sk), sk, fl6, null);
	if (IS_ERR(dst)) return dst;

	if (fix_sk_saddr) {
		if (ipv6_addr_any(np.saddr)) ipv6_addr_copy(np.saddr, fl6.saddr);

		if (ipv6_addr_any(sk.sk_v6_rcv_saddr)) {
			ipv6_addr_copy(sk.sk_v6_rcv_saddr, fl6.saddr);
			inet.inet_rcv_saddr = LOOPBACK4_IPV6 as __be32;
			sk.sk_prot.rehash?.(sk);
		}
	}

	ip6_sk_dst_store_flow(sk, dst, fl6);
	return 0;
}

/**
 * Looks up the route of a connected socket anew when it went stale while the socket was owned.
 * @kernel net/ipv6/datagram.c:114 (v5.10)
 */
export function ip6_datagram_release_cb(sk: sock): void {
	if (ipv6_addr_v4mapped(sk.sk_v6_daddr)) return;

	const dst = __sk_dst_get(sk);
	if (
		dst === null ||
		dst.obsolete === 0 ||
		dst.ops.check(dst, inet6_sk(sk)!.dst_cookie) !== null
	)
		return;

	ip6_datagram_dst_update(sk, false);
}

/**
 * Notes the addresses of a connection over IPv4 in their mapped form.
 * @kernel PORT: label ipv4_connected of __ip6_datagram_connect()
 */
function ipv4_connected(sk: sock): void {
	const inet = inet_sk(sk);
	const np = inet6_sk(sk)!;

	ipv6_addr_set_v4mapped(inet.inet_daddr, sk.sk_v6_daddr);

	if (ipv6_addr_any(np.saddr) || ipv6_mapped_addr_any(np.saddr))
		ipv6_addr_set_v4mapped(inet.inet_saddr, np.saddr);

	if (ipv6_addr_any(sk.sk_v6_rcv_saddr) || ipv6_mapped_addr_any(sk.sk_v6_rcv_saddr)) {
		ipv6_addr_set_v4mapped(inet.inet_rcv_saddr, sk.sk_v6_rcv_saddr);
		sk.sk_prot.rehash?.(sk);
	}
}

/**
 * Connects an owned datagram socket: chooses route and source address.
 * @returns 0, -EAFNOSUPPORT, -EINVAL for a link-local address without interface, -ENETUNREACH for an IPv4
 * address of an IPv6-only socket, or the route's errno
 * @kernel net/ipv6/datagram.c:134 (v5.10)
 */
export function __ip6_datagram_connect(sk: sock, uaddr: sockaddr): number {
	const inet = inet_sk(sk);
	const np = inet6_sk(sk)!;

	if (uaddr.family === AF_INET) {
		if (ipv6_only_sock(sk)) return -EAFNOSUPPORT;
		const err = __ip4_datagram_connect(sk, uaddr);
		if (err === 0) ipv4_connected(sk);
		return err;
	}

	if (uaddr.family !== AF_INET6) return -EAFNOSUPPORT;

	const fl6_flowlabel = np.sndflow !== 0 ? (uaddr.flowinfo ?? 0) & IPV6_FLOWINFO_MASK : 0;
	const daddr = uaddr.addr.slice(0, 16);

	if (ipv6_addr_any(daddr)) {
		/* to this host */
		if (ipv6_addr_v4mapped(sk.sk_v6_rcv_saddr))
			ipv6_addr_set_v4mapped(INADDR_LOOPBACK as __be32, daddr);
		else ipv6_addr_copy(daddr, in6addr_loopback);
	}

	const addr_type = ipv6_addr_type(daddr);

	if ((addr_type & IPV6_ADDR_MAPPED) !== 0) {
		if (ipv6_only_sock(sk)) return -ENETUNREACH;
		const err = __ip4_datagram_connect(sk, {
			family: AF_INET,
			addr: get_unaligned_be32(daddr, 12),
			port: uaddr.port,
		});
		if (err === 0) ipv4_connected(sk);
		return err;
	}

	if (__ipv6_addr_needs_scope_id(addr_type)) {
		const scope_id = uaddr.scope_id ?? 0;
		if (scope_id !== 0) {
			if (!sk_dev_equal_l3scope(sk, scope_id)) return -EINVAL;
			sk.sk_bound_dev_if = scope_id;
		}

		if (sk.sk_bound_dev_if === 0 && (addr_type & IPV6_ADDR_MULTICAST) !== 0)
			sk.sk_bound_dev_if = np.mcast_oif;

		/* a link-local address means nothing without an interface */
		if (sk.sk_bound_dev_if === 0) return -EINVAL;
	}

	const old_daddr = sk.sk_v6_daddr.slice();
	const old_fl6_flowlabel = np.flow_label;
	const old_dport = inet.inet_dport;

	ipv6_addr_copy(sk.sk_v6_daddr, daddr);
	np.flow_label = fl6_flowlabel as __be32;
	inet.inet_dport = uaddr.port as __be16;

	const err = ip6_datagram_dst_update(sk, true);
	if (err !== 0) {
		/* the old peer stays */
		ipv6_addr_copy(sk.sk_v6_daddr, old_daddr);
		np.flow_label = old_fl6_flowlabel;
		inet.inet_dport = old_dport;
		return err;
	}

	sk.sk_state = TCP_ESTABLISHED;
	sk_set_txhash(sk);
	return 0;
}

/**
 * Connects a datagram socket.
 * @returns see __ip6_datagram_connect()
 * @kernel net/ipv6/datagram.c:267 (v5.10)
 */
export function ip6_datagram_connect(sk: sock, uaddr: sockaddr): number {
	lock_sock(sk);
	const res = __ip6_datagram_connect(sk, uaddr);
	release_sock(sk);
	return res;
}

/**
 * Connects a datagram socket that knows no IPv4.
 * @returns see __ip6_datagram_connect()
 * @kernel net/ipv6/datagram.c:278 (v5.10)
 */
export function ip6_datagram_connect_v6_only(sk: sock, uaddr: sockaddr): number {
	if (uaddr.family !== AF_INET6) return -EAFNOSUPPORT;
	return ip6_datagram_connect(sk, uaddr);
}

/**
 * Puts a copy of a packet that carries an ICMPv6 error on a socket's error queue, if it wants to know.
 * @param skb the ICMPv6 packet, transport header at its ICMPv6 header
 * @param err positive errno
 * @param port network order
 * @param info MTU of a "too big", or the pointer of a parameter problem
 * @param payload offset in the head of what the program gets
 * @kernel net/ipv6/datagram.c:299 (v5.10)
 */
export function ipv6_icmp_error(
	sk: sock,
	skb: sk_buff,
	err: number,
	port: number,
	info: number,
	payload: number,
): void {
	const icmph = icmp6_hdr(skb);

	if (inet6_sk(sk)!.recverr === 0) return;

	skb = skb_clone(skb);
	skb.protocol = ETH_P_IPV6;

	const serr = SKB_EXT_ERR(skb);
	serr.ee.ee_errno = err;
	serr.ee.ee_origin = SO_EE_ORIGIN_ICMP6;
	serr.ee.ee_type = skb.head[icmph + ICMP6HDR_type];
	serr.ee.ee_code = skb.head[icmph + ICMP6HDR_code];
	serr.ee.ee_info = info;
	serr.ee.ee_data = 0;
	serr.addr_offset = icmph + ICMP6HDR_LEN + IPV6HDR_daddr - skb.network_header;
	serr.port = port as __be16;

	__skb_pull(skb, payload - skb.data);
	skb_reset_transport_header(skb);

	if (sock_queue_err_skb(sk, skb) !== 0) kfree_skb(skb);
}

/**
 * Puts an error of this host on a socket's error queue, if it wants to know.
 * @param err positive errno
 * @param info MTU of a "message too long"
 * @kernel net/ipv6/datagram.c:338 (v5.10)
 */
export function ipv6_local_error(sk: sock, err: number, fl6: flowi6, info: number): void {
	if (inet6_sk(sk)!.recverr === 0) return;

	const skb = alloc_skb(sk.machine, IPV6HDR_LEN);
	skb.protocol = ETH_P_IPV6;

	skb_put(skb, IPV6HDR_LEN);
	skb_reset_network_header(skb);
	const iph = skb.network_header;
	skb.head.fill(0, iph, iph + IPV6HDR_LEN);
	ipv6_addr_copy(skb.head, fl6.daddr, iph + IPV6HDR_daddr);
	ip6_flow_hdr(skb.head, iph, 0, 0);

	const serr = SKB_EXT_ERR(skb);
	serr.ee.ee_errno = err;
	serr.ee.ee_origin = SO_EE_ORIGIN_LOCAL;
	serr.ee.ee_type = 0;
	serr.ee.ee_code = 0;
	serr.ee.ee_info = info;
	serr.ee.ee_data = 0;
	serr.addr_offset = IPV6HDR_daddr;
	serr.port = fl6.fl6_dport;

	__skb_pull(skb, skb.tail - skb.data);
	skb_reset_transport_header(skb);

	if (sock_queue_err_skb(sk, skb) !== 0) kfree_skb(skb);
}

/**
 * Leaves a notice of a path MTU for a socket, if it wants to know; it replaces one that was not read.
 * @param mtu bytes
 * @kernel net/ipv6/datagram.c:378 (v5.10)
 */
export function ipv6_local_rxpmtu(sk: sock, fl6: flowi6, mtu: number): void {
	const np = inet6_sk(sk)!;

	if (np.rxopt.bits.rxpmtu === 0) return;

	const skb = alloc_skb(sk.machine, IPV6HDR_LEN);
	skb_put(skb, IPV6HDR_LEN);
	skb_reset_network_header(skb);
	const iph = skb.network_header;
	skb.head.fill(0, iph, iph + IPV6HDR_LEN);
	ipv6_addr_copy(skb.head, fl6.daddr, iph + IPV6HDR_daddr);

	skb.cb0 = mtu;
	skb.cb1 = fl6.flowi6_oif;

	__skb_pull(skb, skb.tail - skb.data);
	skb_reset_transport_header(skb);

	kfree_skb(np.rxpmtu);
	np.rxpmtu = skb;
}

/**
 * Tells whether an error tells where the packet went.
 * @kernel net/ipv6/datagram.c:416 (v5.10)
 */
function ipv6_datagram_support_addr(serr: sock_exterr_skb): boolean {
	const { ee_origin } = serr.ee;

	return (
		ee_origin === SO_EE_ORIGIN_ICMP6 ||
		ee_origin === SO_EE_ORIGIN_ICMP ||
		ee_origin === SO_EE_ORIGIN_LOCAL ||
		serr.port !== 0
	);
}

/**
 * Tells whether an error carries a packet that ancillary data can be read from.
 * @kernel net/ipv6/datagram.c:429 (v5.10)
 */
function ip6_datagram_support_cmsg(skb: sk_buff, serr: sock_exterr_skb): boolean {
	const { ee_origin } = serr.ee;

	if (ee_origin === SO_EE_ORIGIN_ICMP || ee_origin === SO_EE_ORIGIN_ICMP6) return true;

	if (ee_origin === SO_EE_ORIGIN_LOCAL) return false;

	return IP6CB(skb).iif !== 0;
}

/**
 * Reads an error off a socket's error queue.
 * @param len bytes of the offending packet to give at most
 * @returns bytes, -EAGAIN when the queue is empty
 * @kernel net/ipv6/datagram.c:448 (v5.10)
 */
export function ipv6_recv_error(sk: sock, msg: msghdr, len: number): number {
	const np = inet6_sk(sk)!;

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
	const nh = skb.network_header;
	const is_ipv6 = skb.protocol === ETH_P_IPV6;

	if (ipv6_datagram_support_addr(serr)) {
		const addr = new Uint8Array(16);
		const at = nh + serr.addr_offset;
		let flowinfo = 0;
		let scope_id = 0;
		if (is_ipv6) {
			ipv6_addr_copy(addr, skb.head, 0, at);
			if (np.sndflow !== 0) flowinfo = ip6_flowinfo(skb.head, at - IPV6HDR_daddr);
			scope_id = ipv6_iface_scope_id(addr, IP6CB(skb).iif);
		} else {
			ipv6_addr_set_v4mapped(get_unaligned_be32(skb.head, at), addr);
		}
		msg.name = { family: AF_INET6, addr, port: serr.port, flowinfo, scope_id };
	}

	msg.recverr = { ee: { ...serr.ee }, offender: null };

	if (ip6_datagram_support_cmsg(skb, serr)) {
		const addr = new Uint8Array(16);
		let scope_id = 0;
		ip6_datagram_recv_common_ctl(sk, msg, skb);
		if (is_ipv6) {
			ipv6_addr_copy(addr, skb.head, 0, nh + IPV6HDR_saddr);
			ip6_datagram_recv_specific_ctl(sk, msg, skb);
			scope_id = ipv6_iface_scope_id(addr, IP6CB(skb).iif);
		} else {
			ipv6_addr_set_v4mapped(ip_saddr(skb), addr);
			if (inet_sk(sk).cmsg_flags !== 0) ip_cmsg_recv(msg, skb);
		}
		msg.recverr.offender = { family: AF_INET6, addr, port: 0, flowinfo: 0, scope_id };
	}

	msg.flags |= MSG_ERRQUEUE;
	consume_skb(skb);
	return copied;
}

/**
 * Reads the notice of a path MTU.
 * @param len bytes to give at most; a notice has none
 * @returns 0, -EAGAIN when there is none
 * @kernel net/ipv6/datagram.c:541 (v5.10)
 */
export function ipv6_recv_rxpmtu(sk: sock, msg: msghdr, len: number): number {
	const np = inet6_sk(sk)!;

	const skb = np.rxpmtu;
	np.rxpmtu = null;
	if (skb === null) return -EAGAIN;

	let copied = skb.len;
	if (copied > len) {
		msg.flags |= MSG_TRUNC;
		copied = len;
	}
	const err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (err === 0) {
		sock_recv_timestamp(msg, sk, skb);
		const at = skb.network_header + IPV6HDR_daddr;
		msg.name = {
			family: AF_INET6,
			addr: skb.head.slice(at, at + 16),
			port: 0,
			flowinfo: 0,
			scope_id: skb.cb1,
		};
		msg.pathmtu = skb.cb0;
	}
	kfree_skb(skb);
	return err !== 0 ? err : copied;
}

/**
 * Fills the ancillary data that packets of both families have.
 * @kernel net/ipv6/datagram.c:589 (v5.10)
 */
export function ip6_datagram_recv_common_ctl(sk: sock, msg: msghdr, skb: sk_buff): void {
	if (inet6_sk(sk)!.rxopt.bits.rxinfo === 0) return;

	const addr = new Uint8Array(16);
	let ifindex: number;
	if (skb.protocol === ETH_P_IPV6) {
		ifindex = IP6CB(skb).iif;
		ipv6_addr_copy(addr, skb.head, 0, skb.network_header + IPV6HDR_daddr);
	} else {
		ifindex = IPCB(skb).iif;
		ipv6_addr_set_v4mapped(ip_daddr(skb), addr);
	}
	msg.pktinfo6 = { ipi6_addr: addr, ipi6_ifindex: ifindex };
}

/**
 * Fills the ancillary data that IPv6 packets have.
 * @kernel net/ipv6/datagram.c:614 (v5.10)
 */
export function ip6_datagram_recv_specific_ctl(sk: sock, msg: msghdr, skb: sk_buff): void {
	const { bits } = inet6_sk(sk)!.rxopt;
	const opt = IP6CB(skb);
	const { head } = skb;
	const nh = skb.network_header;

	if (bits.rxhlim !== 0) msg.hoplimit = head[nh + IPV6HDR_hop_limit];

	if (bits.rxtclass !== 0) msg.tclass = ipv6_get_dsfield(skb);

	if (bits.rxflow !== 0) {
		const flowinfo = ip6_flowinfo(head, nh);
		if (flowinfo !== 0) msg.flowinfo = flowinfo;
	}

	if (bits.hopopts !== 0 && (opt.flags & IP6SKB_HOPBYHOP) !== 0) {
		const at = nh + IPV6HDR_LEN;
		msg.hopopts = head.slice(at, at + ipv6_optlen(head, at));
	}

	if (opt.lastopt !== 0 && (bits.dstopts !== 0 || bits.srcrt !== 0)) {
		let off = IPV6HDR_LEN;
		let nexthdr = head[nh + IPV6HDR_nexthdr];

		while (off <= opt.lastopt) {
			const at = nh + off;
			const len = nexthdr === IPPROTO_AH ? ipv6_authlen(head, at) : ipv6_optlen(head, at);

			if (nexthdr === IPPROTO_DSTOPTS && bits.dstopts !== 0)
				msg.dstopts = head.slice(at, at + len);
			else if (nexthdr === IPPROTO_ROUTING && bits.srcrt !== 0)
				msg.rthdr = head.slice(at, at + len);

			nexthdr = head[at];
			off += len;
		}
	}

	if (bits.rxorigdstaddr !== 0) {
		const ports = skb_header_pointer_off(skb, skb_transport_offset(skb), 4);
		if (ports >= 0) {
			const at = skb.network_header + IPV6HDR_daddr;
			const addr = skb.head.slice(at, at + 16);
			msg.origdstaddr = {
				family: AF_INET6,
				addr,
				port: get_unaligned_be16(skb.head, ports + 2),
				flowinfo: 0,
				scope_id: ipv6_iface_scope_id(addr, opt.iif),
			};
		}
	}

	if (bits.recvfragsize !== 0 && opt.frag_max_size !== 0) msg.recvfragsize = opt.frag_max_size;
}

/**
 * Fills the ancillary data of an IPv6 packet.
 * @kernel net/ipv6/datagram.c:745 (v5.10)
 */
export function ip6_datagram_recv_ctl(sk: sock, msg: msghdr, skb: sk_buff): void {
	ip6_datagram_recv_common_ctl(sk, msg, skb);
	ip6_datagram_recv_specific_ctl(sk, msg, skb);
}

/** What a message says at level SOL_SOCKET. */
const sockc_var = machine_var(() => new sockcm_cookie());

/**
 * Takes IPV6_PKTINFO of a message: interface and source address.
 * @param fl6 gets them
 * @returns 0, -EINVAL for what the socket may not use, -ENODEV
 * @kernel PORT: a case of ip6_datagram_send_ctl()
 */
function send_pktinfo(net: net, sk: sock, msg: msghdr, fl6: flowi6): number {
	const src_info = msg.pktinfo6!;
	const src_idx = src_info.ipi6_ifindex;
	let dev: net_device | null = null;

	if (src_idx !== 0) {
		if (
			fl6.flowi6_oif !== 0 &&
			src_idx !== fl6.flowi6_oif &&
			(sk.sk_bound_dev_if !== fl6.flowi6_oif || !sk_dev_equal_l3scope(sk, src_idx))
		)
			return -EINVAL;
		fl6.flowi6_oif = src_idx;
	}

	const addr_type = __ipv6_addr_type(src_info.ipi6_addr);

	if (fl6.flowi6_oif !== 0) {
		dev = dev_get_by_index_rcu(net, fl6.flowi6_oif);
		if (dev === null) return -ENODEV;
	} else if ((addr_type & IPV6_ADDR_LINKLOCAL) !== 0) {
		return -EINVAL;
	}

	if (addr_type !== IPV6_ADDR_ANY) {
		const strict = __ipv6_addr_src_scope(addr_type) <= IPV6_ADDR_SCOPE_LINKLOCAL;
		if (
			!ipv6_can_nonlocal_bind(net, inet_sk(sk)) &&
			!ipv6_chk_addr_and_flags(
				net,
				src_info.ipi6_addr,
				dev,
				!strict,
				0,
				IFA_F_TENTATIVE,
			) &&
			!ipv6_chk_acast_addr_src(net, dev, src_info.ipi6_addr)
		)
			return -EINVAL;
		ipv6_addr_copy(fl6.saddr, src_info.ipi6_addr);
	}
	return 0;
}

/**
 * Tells whether bytes are a whole options header.
 * @kernel PORT: a check of ip6_datagram_send_ctl() and ipv6_set_opt_hdr()
 */
export function ipv6_opt_hdr_ok(hdr: Uint8Array): boolean {
	return hdr.length >= IPV6_OPT_HDR_LEN && hdr.length >= ipv6_optlen(hdr, 0);
}

/**
 * Reads the ancillary data of a message to be sent.
 * @param fl6 gets interface, source address and flow information
 * @param ipc6 gets the rest; opt is room for the options
 * @returns 0, -EINVAL, -ENODEV
 * @kernel net/ipv6/datagram.c:753 (v5.10)
 */
export function ip6_datagram_send_ctl(
	net: net,
	sk: sock,
	msg: msghdr,
	fl6: flowi6,
	ipc6: ipcm6_cookie,
): number {
	const opt = ipc6.opt!;
	const sockc = sockc_var.of(net.machine);

	sockc.mark = ipc6.sockc_mark;
	sockc.tsflags = ipc6.sockc_tsflags;
	let err = sock_cmsg_send(sk, msg, sockc);
	if (err !== 0) return err;
	ipc6.sockc_mark = sockc.mark;
	ipc6.sockc_tsflags = sockc.tsflags;

	if (msg.pktinfo6 !== null) {
		err = send_pktinfo(net, sk, msg, fl6);
		if (err !== 0) return err;
	}

	if (msg.flowinfo !== null) {
		if (
			(fl6.flowlabel & IPV6_FLOWINFO_MASK) !== 0 &&
			((fl6.flowlabel ^ msg.flowinfo) & ~IPV6_FLOWINFO_MASK) !== 0
		)
			return -EINVAL;
		fl6.flowlabel = (msg.flowinfo & IPV6_FLOWINFO_MASK) as __be32;
	}

	if (msg.hopopts !== null) {
		if (opt.hopopt !== null || !ipv6_opt_hdr_ok(msg.hopopts)) return -EINVAL;
		const len = ipv6_optlen(msg.hopopts, 0);
		opt.opt_nflen += len;
		opt.hopopt = msg.hopopts.slice(0, len);
	}

	if (msg.dstopts !== null) {
		if (!ipv6_opt_hdr_ok(msg.dstopts)) return -EINVAL;
		const len = ipv6_optlen(msg.dstopts, 0);
		opt.opt_flen += len;
		opt.dst1opt = msg.dstopts.slice(0, len);
	}

	if (msg.rthdr !== null) return -EINVAL;

	if (msg.hoplimit !== null) {
		if (msg.hoplimit < -1 || msg.hoplimit > 0xff) return -EINVAL;
		ipc6.hlimit = msg.hoplimit;
	}

	if (msg.tclass !== null) {
		if (msg.tclass < -1 || msg.tclass > 0xff) return -EINVAL;
		ipc6.tclass = msg.tclass;
	}

	if (msg.dontfrag !== null) {
		if (msg.dontfrag < 0 || msg.dontfrag > 1) return -EINVAL;
		ipc6.dontfrag = msg.dontfrag;
	}
	return 0;
}

/**
 * Makes this file's functions known to those that may not import it.
 * @kernel PORT: in C route.c and ip6_output.c call them directly
 */
export function ip6_datagram_init(m: Machine): void {
	const stub = ipv6_stub.of(m);
	stub.ip6_datagram_dst_update = ip6_datagram_dst_update;
	stub.ipv6_local_error = ipv6_local_error;
	stub.ipv6_local_rxpmtu = ipv6_local_rxpmtu;
}
