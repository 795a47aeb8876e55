// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/udp.c, base v5.10: UDP over IPv6, and over IPv4 for sockets of both families.
 *
 * PORT: UDP_SKB_CB(skb)->cscov is skb.cb0. What a send works with is one object a machine. The entry for socket() is
 * in af_inet6.ts, because its operations are. Errors about packets of tunnels have no one to go to.
 * Not ported: reuseport groups (of several sockets of a port the best match gets the packet), BPF, UDP-Lite,
 * tunnels, UDP_SEGMENT and GRO, exclusive flow labels, routing headers a sender gives,
 * /proc/net/udp6.
 */
import {
	get_unaligned_be16,
	get_unaligned_be32,
	put_unaligned_be16,
} from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { in6addr_any } from '../../include/linux/in6.ts';
import { ip_saddr } from '../../include/linux/ip.ts';
import {
	inet6_iif,
	inet6_sdif,
	inet6_sk,
	ipv6_only_sock,
	type inet6_skb_parm,
} from '../../include/linux/ipv6.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import { SOCK_NOSPACE } from '../../include/linux/net.ts';
import {
	CHECKSUM_NONE,
	CHECKSUM_PARTIAL,
	PACKET_HOST,
	skb_csum_unnecessary,
	skb_queue_empty,
	skb_transport_offset,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import {
	AF_INET,
	AF_INET6,
	AF_UNSPEC,
	MSG_CONFIRM,
	MSG_ERRQUEUE,
	MSG_MORE,
	MSG_PEEK,
	MSG_PROBE,
	MSG_TRUNC,
	PF_INET6,
	SOL_UDP,
	type msghdr,
	type sockaddr_in6,
	type sockopt_result,
	type sockopt_value,
} from '../../include/linux/socket.ts';
import type { __be16, __be32 } from '../../include/linux/types.ts';
import { udp_sk, udp_sock } from '../../include/linux/udp.ts';
import { __in6_dev_get } from '../../include/net/addrconf.ts';
import { csum_add, csum_ipv6_magic, CSUM_MANGLED_0 } from '../../include/net/checksum.ts';
import {
	dst_check,
	dst_confirm_neigh,
	type dst_entry,
	dst_release,
	skb_dst_set_noref,
} from '../../include/net/dst.ts';
import { flowi6 } from '../../include/net/flow.ts';
import { INET6_MATCH } from '../../include/net/inet6_hashtables.ts';
import { inet_cork_full, inet_get_convert_csum, inet_sk } from '../../include/net/inet_sock.ts';
import { net_hash_mix } from '../../include/net/ip.ts';
import { ip6_compute_pseudo } from '../../include/net/ip6_checksum.ts';
import { rt6_get_cookie, type rt6_info } from '../../include/net/ip6_fib.ts';
import { ip6_sk_accept_pmtu } from '../../include/net/ip6_route.ts';
import {
	__ipv6_addr_needs_scope_id,
	__ipv6_addr_type,
	ip6_make_flowinfo,
	ipcm6_cookie,
	ipcm6_init,
	ipv6_addr_any,
	ipv6_addr_copy,
	ipv6_addr_equal,
	ipv6_addr_is_multicast,
	ipv6_addr_set_v4mapped,
	ipv6_addr_v4mapped,
	IPV6_FLOWINFO_MASK,
	ipv6_iface_scope_id,
	ipv6_portaddr_hash,
	ipv6_txoptions,
} from '../../include/net/ipv6.ts';
import { NDISC_REDIRECT } from '../../include/net/ndisc.ts';
import type { net } from '../../include/net/net_namespace.ts';
import {
	INET6_PROTO_FINAL,
	INET6_PROTO_NOPOLICY,
	type inet6_protocol,
} from '../../include/net/protocol.ts';
import { ICMP6_INC_STATS, UDP6_INC_STATS, UDP_INC_STATS } from '../../include/net/snmp.ts';
import { sock_hold, sock_net, type proto, type sock } from '../../include/net/sock.ts';
import { TCP_ESTABLISHED } from '../../include/net/tcp_states.ts';
import {
	udp_hashslot,
	udp_hashslot2,
	udp_sk_bound_dev_eq,
	udp_table_global,
	type udp_hslot2,
	type udp_table,
} from '../../include/net/udp.ts';
import { xfrm6_policy_check, XFRM_POLICY_IN } from '../../include/net/xfrm.ts';
import {
	EAFNOSUPPORT,
	EDESTADDRREQ,
	EINVAL,
	EMSGSIZE,
	ENETUNREACH,
	ENOBUFS,
	ENOENT,
	ENOMEM,
} from '../../include/uapi/linux/errno.ts';
import {
	ICMPV6_DEST_UNREACH,
	ICMPV6_PKT_TOOBIG,
	ICMPV6_PORT_UNREACH,
} from '../../include/uapi/linux/icmpv6.ts';
import { ETH_P_IP } from '../../include/uapi/linux/if_ether.ts';
import { INADDR_LOOPBACK, IPPROTO_UDP } from '../../include/uapi/linux/in.ts';
import { IPV6_PMTUDISC_DONT } from '../../include/uapi/linux/in6.ts';
import { IPV6HDR_daddr, IPV6HDR_saddr } from '../../include/uapi/linux/ipv6.ts';
import {
	ICMP6_MIB_INERRORS,
	UDP_MIB_CSUMERRORS,
	UDP_MIB_IGNOREDMULTI,
	UDP_MIB_INDATAGRAMS,
	UDP_MIB_INERRORS,
	UDP_MIB_NOPORTS,
	UDP_MIB_OUTDATAGRAMS,
	UDP_MIB_RCVBUFERRORS,
	UDP_MIB_SNDBUFERRORS,
} from '../../include/uapi/linux/snmp.ts';
import {
	UDPHDR_check,
	UDPHDR_dest,
	UDPHDR_len,
	UDPHDR_LEN,
	UDPHDR_source,
} from '../../include/uapi/linux/udp.ts';
import {
	__sk_queue_drop_skb,
	skb_checksum_try_convert,
	skb_copy_and_csum_datagram_msg,
	skb_copy_datagram_msg,
	type recv_off,
} from '../core/datagram.ts';
import {
	consume_skb,
	kfree_skb,
	pskb_may_pull,
	pskb_trim_rcsum,
	skb_checksum,
	skb_clone,
	skb_dst_drop,
} from '../core/skbuff.ts';
import {
	lock_sock,
	release_sock,
	sk_peek_offset,
	skb_steal_sock,
	sock_efree,
	sock_put,
	sock_recv_ts_and_drops,
	type errcode,
} from '../core/sock.ts';
import { ip_generic_getfrag, net_xmit_errno } from '../ipv4/ip_output.ts';
import { ip_cmsg_recv_offset } from '../ipv4/ip_sockglue.ts';
import {
	__skb_recv_udp,
	__udp_enqueue_schedule_skb,
	__udp_lib_checksum_complete,
	msg_has_control,
	skb_consume_udp,
	udp_abort,
	udp_csum,
	udp_csum_pull_header,
	udp_disconnect,
	udp_encap_enable,
	udp_encap_ops,
	udp_flush_pending_frames,
	udp_init_sock,
	udp_lib_checksum_complete,
	udp_lib_close,
	udp_lib_get_port,
	udp_lib_getsockopt,
	udp_lib_hash,
	udp_lib_rehash,
	udp_lib_setsockopt,
	udp_lib_unhash,
	udp_prot,
	udp_push_pending_frames,
	udp_sendmsg,
	udp_sk_rx_dst_set,
	udp_skb_destructor,
} from '../ipv4/udp.ts';
import {
	ip6_datagram_connect,
	ip6_datagram_recv_common_ctl,
	ip6_datagram_recv_specific_ctl,
	ip6_datagram_release_cb,
	ip6_datagram_send_ctl,
	ipv6_icmp_error,
	ipv6_recv_error,
	ipv6_recv_rxpmtu,
} from './datagram.ts';
import { icmpv6_err_convert } from './icmp.ts';
import { inet6_destroy_sock } from './inet6_common.ts';
import { udp6_csum_init } from './ip6_checksum.ts';
import { icmpv6_send } from './ip6_icmp.ts';
import {
	ip6_append_data,
	ip6_finish_skb,
	ip6_flush_pending_frames,
	ip6_make_skb,
	ip6_send_skb,
	ip6_sk_dst_hoplimit,
	ip6_sk_dst_lookup_flow,
} from './ip6_output.ts';
import { ipv6_getsockopt, ipv6_setsockopt } from './ipv6_sockglue.ts';
import { inet6_mc_check } from './mcast.ts';
import { inet6_add_protocol } from './protocol.ts';
import { ip6_sk_redirect, ip6_sk_update_pmtu } from './route.ts';

/** What udpv6_sendmsg() works with. */
const send_scratch = machine_var(() => ({
	ipc6: new ipcm6_cookie(),
	fl6: new flowi6(),
	cork: new inet_cork_full(),
}));

/**
 * Gives an IPv6 socket a port.
 * @param snum port, 0 for any
 * @returns 0, or 1 when the port is taken
 * @kernel net/ipv6/udp.c:80 (v5.10)
 */
export function udp_v6_get_port(sk: sock, snum: number): number {
	const mix = net_hash_mix(sock_net(sk));
	const hash2_nulladdr = ipv6_portaddr_hash(mix, in6addr_any, snum);
	const hash2_partial = ipv6_portaddr_hash(mix, sk.sk_v6_rcv_saddr, 0);

	udp_sk(sk).udp_portaddr_hash = hash2_partial & 0xffff;
	return udp_lib_get_port(sk, snum, hash2_nulladdr);
}

/**
 * Lets an IPv6 socket be found by its new address.
 * @kernel net/ipv6/udp.c:92 (v5.10)
 */
export function udp_v6_rehash(sk: sock): void {
	udp_lib_rehash(
		sk,
		ipv6_portaddr_hash(net_hash_mix(sock_net(sk)), sk.sk_v6_rcv_saddr, inet_sk(sk).inet_num),
	);
}

/**
 * Tells how well a socket fits a packet.
 * @param saddr peer, 16 bytes at soff
 * @param daddr our address, 16 bytes at doff
 * @param hnum our port
 * @returns -1 when not at all
 * @kernel net/ipv6/udp.c:101 (v5.10)
 */
function compute_score(
	sk: udp_sock,
	net: net,
	saddr: Uint8Array,
	soff: number,
	sport: number,
	daddr: Uint8Array,
	doff: number,
	hnum: number,
	dif: number,
	sdif: number,
): number {
	if (sk.sk_net !== net || sk.udp_port_hash !== hnum || sk.sk_family !== PF_INET6) return -1;

	if (!ipv6_addr_equal(sk.sk_v6_rcv_saddr, daddr, 0, doff)) return -1;

	let score = 0;

	if (sk.inet_dport !== 0) {
		if (sk.inet_dport !== sport) return -1;
		score++;
	}

	if (!ipv6_addr_any(sk.sk_v6_daddr)) {
		if (!ipv6_addr_equal(sk.sk_v6_daddr, saddr, 0, soff)) return -1;
		score++;
	}

	if (!udp_sk_bound_dev_eq(net, sk.sk_bound_dev_if, dif, sdif)) return -1;
	score++;

	if (sk.sk_incoming_cpu === 0) score++;

	return score;
}

/**
 * Finds the best socket of a slot.
 * @kernel net/ipv6/udp.c:163 (v5.10)
 */
function udp6_lib_lookup2(
	net: net,
	saddr: Uint8Array,
	soff: number,
	sport: number,
	daddr: Uint8Array,
	doff: number,
	hnum: number,
	dif: number,
	sdif: number,
	hslot2: udp_hslot2,
): udp_sock | null {
	let result: udp_sock | null = null;
	let badness = -1;

	for (let n = hslot2.head.first; n !== null; n = n.next) {
		const sk = n.item as udp_sock;
		const score = compute_score(sk, net, saddr, soff, sport, daddr, doff, hnum, dif, sdif);
		if (score > badness) {
			result = sk;
			badness = score;
		}
	}
	return result;
}

/**
 * Finds the socket of a packet.
 * @param saddr peer, 16 bytes at soff
 * @param daddr our address, 16 bytes at doff
 * @param dif interface it came in by, or its VRF
 * @param sdif enslaved interface, 0 for none
 * @returns borrowed, or null
 * @kernel net/ipv6/udp.c:217 (v5.10)
 */
export function __udp6_lib_lookup(
	net: net,
	saddr: Uint8Array,
	soff: number,
	sport: number,
	daddr: Uint8Array,
	doff: number,
	dport: number,
	dif: number,
	sdif: number,
	udptable: udp_table,
): udp_sock | null {
	const mix = net_hash_mix(net);

	const hslot2 = udp_hashslot2(udptable, ipv6_portaddr_hash(mix, daddr, dport, doff));
	const result = udp6_lib_lookup2(
		net,
		saddr,
		soff,
		sport,
		daddr,
		doff,
		dport,
		dif,
		sdif,
		hslot2,
	);
	if (result !== null) return result;

	return udp6_lib_lookup2(
		net,
		saddr,
		soff,
		sport,
		in6addr_any,
		0,
		dport,
		dif,
		sdif,
		udp_hashslot2(udptable, ipv6_portaddr_hash(mix, in6addr_any, dport)),
	);
}

/**
 * Finds the socket of a received packet.
 * @returns borrowed, or null
 * @kernel net/ipv6/udp.c:268 (v5.10)
 */
function __udp6_lib_lookup_skb(
	skb: sk_buff,
	sport: number,
	dport: number,
	udptable: udp_table,
): udp_sock | null {
	const iph = skb.network_header;

	return __udp6_lib_lookup(
		skb.dev!.nd_net,
		skb.head,
		iph + IPV6HDR_saddr,
		sport,
		skb.head,
		iph + IPV6HDR_daddr,
		dport,
		inet6_iif(skb),
		inet6_sdif(skb),
		udptable,
	);
}

/**
 * Finds the socket of a received packet.
 * @returns borrowed, or null
 * @kernel net/ipv6/udp.c:279 (v5.10)
 */
export function udp6_lib_lookup_skb(skb: sk_buff, sport: number, dport: number): udp_sock | null {
	return __udp6_lib_lookup_skb(skb, sport, dport, udp_table_global.of(skb.machine));
}

/**
 * Finds the socket of an address pair.
 * @returns referenced, or null
 * @kernel net/ipv6/udp.c:294 (v5.10)
 */
export function udp6_lib_lookup(
	net: net,
	saddr: Uint8Array,
	sport: number,
	daddr: Uint8Array,
	dport: number,
	dif: number,
): sock | null {
	const table = udp_table_global.of(net.machine);
	const sk = __udp6_lib_lookup(net, saddr, 0, sport, daddr, 0, dport, dif, 0, table);

	if (sk !== null) sock_hold(sk);
	return sk;
}

/** Where a receive stands; a receive does not begin within another. */
const recv_scratch = machine_var((): { pos: recv_off; err: errcode } => ({
	pos: { off: 0, last: null },
	err: { err: 0 },
}));

/**
 * Who sent a received datagram.
 * @kernel PORT: a step of udpv6_recvmsg()
 */
function udp6_sender(skb: sk_buff, is_udp4: boolean): sockaddr_in6 {
	const port = get_unaligned_be16(skb.head, skb.transport_header + UDPHDR_source);
	const addr = new Uint8Array(16);
	let scope_id = 0;

	if (is_udp4) {
		ipv6_addr_set_v4mapped(ip_saddr(skb), addr);
	} else {
		ipv6_addr_copy(addr, skb.head, 0, skb.network_header + IPV6HDR_saddr);
		scope_id = ipv6_iface_scope_id(addr, inet6_iif(skb));
	}
	return { family: AF_INET6, addr, port, flowinfo: 0, scope_id };
}

/**
 * Receives a datagram.
 * @param len bytes of room
 * @returns bytes (the datagram's length with MSG_TRUNC) or a negative errno
 * @kernel net/ipv6/udp.c:322 (v5.10)
 */
export function udpv6_recvmsg(
	sk: sock,
	msg: msghdr,
	len: number,
	noblock: boolean,
	flags: number,
): number {
	const np = inet6_sk(sk)!;
	const inet = inet_sk(sk);
	const peeking = (flags & MSG_PEEK) !== 0;
	const { pos, err: ec } = recv_scratch.of(sk.machine);

	if ((flags & MSG_ERRQUEUE) !== 0) return ipv6_recv_error(sk, msg, len);

	if (np.rxpmtu !== null && np.rxopt.bits.rxpmtu !== 0) return ipv6_recv_rxpmtu(sk, msg, len);

	for (;;) {
		pos.off = sk_peek_offset(sk, flags);
		const skb = __skb_recv_udp(sk, flags, noblock, pos, ec);
		if (skb === null) return ec.err;
		const { off } = pos;

		const ulen = skb.len;
		let copied = len;
		if (copied > ulen - off) copied = ulen - off;
		else if (copied < ulen) msg.flags |= MSG_TRUNC;

		const is_udp4 = skb.protocol === ETH_P_IP;
		const { udp_statistics, udp_stats_in6 } = sock_net(sk).mib;
		const mib = is_udp4 ? udp_statistics : udp_stats_in6;

		/* A checksum that is not checked while the whole is copied is checked first. */
		let err = 0;
		let checksum_valid = false;
		let bad = false;
		if (copied < ulen || peeking) {
			checksum_valid = skb_csum_unnecessary(skb) || __udp_lib_checksum_complete(skb) === 0;
			bad = !checksum_valid;
		}
		if (!bad) {
			if (checksum_valid || skb_csum_unnecessary(skb)) {
				err = skb_copy_datagram_msg(skb, off, msg, copied);
			} else {
				err = skb_copy_and_csum_datagram_msg(skb, off, msg);
				bad = err === -EINVAL;
			}
		}
		if (bad) {
			if (
				__sk_queue_drop_skb(
					sk,
					udp_sk(sk).reader_queue,
					skb,
					flags,
					udp_skb_destructor,
				) === 0
			) {
				mib[UDP_MIB_CSUMERRORS]++;
				mib[UDP_MIB_INERRORS]++;
			}
			kfree_skb(skb);
			msg.flags &= ~MSG_TRUNC;
			continue;
		}
		if (err !== 0) {
			if (!peeking) {
				sk.sk_drops++;
				mib[UDP_MIB_INERRORS]++;
			}
			kfree_skb(skb);
			return err;
		}
		if (!peeking) mib[UDP_MIB_INDATAGRAMS]++;

		sock_recv_ts_and_drops(msg, sk, skb);

		msg.name = udp6_sender(skb, is_udp4);

		ip6_datagram_recv_common_ctl(sk, msg, skb);

		if (!is_udp4) ip6_datagram_recv_specific_ctl(sk, msg, skb);
		else if (inet.cmsg_flags !== 0) ip_cmsg_recv_offset(msg, sk, skb, UDPHDR_LEN, off);

		err = (flags & MSG_TRUNC) !== 0 ? ulen : copied;

		skb_consume_udp(sk, skb, peeking ? -err : err);
		return err;
	}
}

/**
 * Notes that there are sockets that take encapsulated packets.
 * @kernel net/ipv6/udp.c:455 (v5.10)
 */
export function udpv6_encap_enable(m: Machine): void {
	udp_encap_enable(m);
}

/**
 * Tells the socket that sent the quoted packet of an ICMPv6 error.
 * @param type of the message, code as well
 * @param offset of the quoted UDP header from data
 * @param info MTU or pointer
 * @returns 0, or -ENOENT when there is no socket
 * @kernel net/ipv6/udp.c:546 (v5.10)
 */
export function __udp6_lib_err(
	skb: sk_buff,
	type: number,
	code: number,
	offset: number,
	info: number,
	udptable: udp_table,
): number {
	const { head, data: hdr } = skb;
	const uh = hdr + offset;
	const dest = get_unaligned_be16(head, uh + UDPHDR_dest);
	const net = skb.dev!.nd_net;

	const sk = __udp6_lib_lookup(
		net,
		head,
		hdr + IPV6HDR_daddr,
		dest,
		head,
		hdr + IPV6HDR_saddr,
		get_unaligned_be16(head, uh + UDPHDR_source),
		inet6_iif(skb),
		inet6_sdif(skb),
		udptable,
	);
	if (sk === null) {
		ICMP6_INC_STATS(net, __in6_dev_get(skb.dev!), ICMP6_MIB_INERRORS);
		return -ENOENT;
	}

	const conv = { err: 0 };
	let harderr = icmpv6_err_convert(type, code, conv) !== 0;
	const np = inet6_sk(sk)!;

	if (type === ICMPV6_PKT_TOOBIG) {
		if (!ip6_sk_accept_pmtu(sk)) return 0;
		ip6_sk_update_pmtu(skb, sk, info);
		if (np.pmtudisc !== IPV6_PMTUDISC_DONT) harderr = true;
	}
	if (type === NDISC_REDIRECT) {
		ip6_sk_redirect(skb, sk);
		return 0;
	}

	if (np.recverr === 0) {
		if (!harderr || sk.sk_state !== TCP_ESTABLISHED) return 0;
	} else {
		ipv6_icmp_error(sk, skb, conv.err, dest, info, uh + UDPHDR_LEN);
	}

	sk.sk_err = conv.err;
	sk.sk_error_report(sk);
	return 0;
}

/**
 * Queues a packet, or drops it.
 * @returns 0 or -1
 * @kernel net/ipv6/udp.c:620 (v5.10)
 */
function __udpv6_queue_rcv_skb(sk: sock, skb: sk_buff): number {
	if (!ipv6_addr_any(sk.sk_v6_daddr)) {
		sk.sk_rxhash = skb.hash;
		sk.sk_incoming_cpu = 0;
	}

	const rc = __udp_enqueue_schedule_skb(sk, skb);
	if (rc < 0) {
		if (rc === -ENOMEM) UDP6_INC_STATS(sock_net(sk), UDP_MIB_RCVBUFERRORS);
		UDP6_INC_STATS(sock_net(sk), UDP_MIB_INERRORS);
		kfree_skb(skb);
		return -1;
	}

	return 0;
}

/**
 * Takes an ICMPv6 error that quotes a UDP packet.
 * @kernel net/ipv6/udp.c:648 (v5.10)
 */
function udpv6_err(
	skb: sk_buff,
	_opt: inet6_skb_parm,
	type: number,
	code: number,
	offset: number,
	info: number,
): number {
	return __udp6_lib_err(skb, type, code, offset, info, udp_table_global.of(skb.machine));
}

/**
 * Gives a packet to a socket: policy, encapsulation, queue.
 * @returns >0: resubmit as that protocol; 0 or -1: done
 * @kernel net/ipv6/udp.c:655 (v5.10)
 */
function udpv6_queue_rcv_one_skb(sk: sock, skb: sk_buff): number {
	const up = udp_sk(sk);

	drop: {
		if (!xfrm6_policy_check(sk, XFRM_POLICY_IN, skb)) break drop;

		if (up.encap_type !== 0 && up.encap_rcv !== null) {
			/* Encapsulated packets are checked before they are unpacked. */
			if (udp_lib_checksum_complete(skb)) {
				UDP6_INC_STATS(sock_net(sk), UDP_MIB_CSUMERRORS);
				break drop;
			}

			const ret = up.encap_rcv(sk, skb);
			if (ret <= 0) {
				/* of IPv4, in C, too */
				UDP_INC_STATS(sock_net(sk), UDP_MIB_INDATAGRAMS);
				return -ret;
			}
		}

		udp_csum_pull_header(skb);

		skb_dst_drop(skb);

		return __udpv6_queue_rcv_skb(sk, skb);
	}
	UDP6_INC_STATS(sock_net(sk), UDP_MIB_INERRORS);
	sk.sk_drops++;
	kfree_skb(skb);
	return -1;
}

/**
 * Gives a packet to a socket. PORT: no datagram here is a GSO packet.
 * @returns >0: resubmit as that protocol; 0 or -1: done
 * @kernel net/ipv6/udp.c:738 (v5.10)
 */
function udpv6_queue_rcv_skb(sk: sock, skb: sk_buff): number {
	return udpv6_queue_rcv_one_skb(sk, skb);
}

/**
 * Tells whether a socket takes a group packet.
 * @param addrs loc and rmt are offsets into it: the group and the sender
 * @kernel net/ipv6/udp.c:759 (v5.10)
 */
function __udp_v6_is_mcast_sock(
	net: net,
	sk: udp_sock,
	addrs: Uint8Array,
	loc: number,
	rmt_port: number,
	rmt: number,
	dif: number,
	sdif: number,
	hnum: number,
): boolean {
	if (
		sk.sk_net !== net ||
		sk.udp_port_hash !== hnum ||
		sk.sk_family !== PF_INET6 ||
		(sk.inet_dport !== 0 && sk.inet_dport !== rmt_port) ||
		(!ipv6_addr_any(sk.sk_v6_daddr) && !ipv6_addr_equal(sk.sk_v6_daddr, addrs, 0, rmt)) ||
		!udp_sk_bound_dev_eq(net, sk.sk_bound_dev_if, dif, sdif) ||
		(!ipv6_addr_any(sk.sk_v6_rcv_saddr) &&
			!ipv6_addr_equal(sk.sk_v6_rcv_saddr, addrs, 0, loc))
	)
		return false;

	return inet6_mc_check(sk, addrs, loc);
}

/**
 * Gives a socket a copy of a group packet.
 * @kernel PORT: a step of __udp6_lib_mcast_deliver()
 */
function udp6_mcast_copy(sk: sock, skb: sk_buff): void {
	const nskb = skb_clone(skb);

	if (udpv6_queue_rcv_skb(sk, nskb) > 0) consume_skb(nskb);
}

/**
 * Gives a copy of a group packet to each socket that takes it.
 * @returns 0
 * @kernel net/ipv6/udp.c:797 (v5.10)
 */
function __udp6_lib_mcast_deliver(net: net, skb: sk_buff, udptable: udp_table): number {
	const { head } = skb;
	const uh = skb.transport_header;
	const saddr = skb.network_header + IPV6HDR_saddr;
	const daddr = skb.network_header + IPV6HDR_daddr;
	const hnum = get_unaligned_be16(head, uh + UDPHDR_dest);
	const sport = get_unaligned_be16(head, uh + UDPHDR_source);
	const nocheck = get_unaligned_be16(head, uh + UDPHDR_check) === 0;
	const dif = inet6_iif(skb);
	const sdif = inet6_sdif(skb);
	const hslot = udp_hashslot(udptable, net, hnum);
	let first: sock | null = null;

	if (hslot.count > 10) {
		const mix = net_hash_mix(net);
		const { mask } = udptable;
		const hash2_any = (ipv6_portaddr_hash(mix, in6addr_any, hnum) & mask) >>> 0;
		let hash2 = (ipv6_portaddr_hash(mix, head, hnum, daddr) & mask) >>> 0;
		for (;;) {
			for (let n = udptable.hash2[hash2].head.first; n !== null; n = n.next) {
				const sk = n.item as udp_sock;
				if (!__udp_v6_is_mcast_sock(net, sk, head, daddr, sport, saddr, dif, sdif, hnum))
					continue;
				if (nocheck && !sk.no_check6_rx) continue;
				if (first === null) first = sk;
				else udp6_mcast_copy(sk, skb);
			}
			if (hash2 === hash2_any) break;
			hash2 = hash2_any;
		}
	} else {
		for (let n = hslot.head.first; n !== null; n = n.hnnode_next) {
			const sk = n as udp_sock;
			if (!__udp_v6_is_mcast_sock(net, sk, head, daddr, sport, saddr, dif, sdif, hnum))
				continue;
			if (nocheck && !sk.no_check6_rx) continue;
			if (first === null) first = sk;
			else udp6_mcast_copy(sk, skb);
		}
	}

	if (first !== null) {
		if (udpv6_queue_rcv_skb(first, skb) > 0) consume_skb(skb);
	} else {
		kfree_skb(skb);
		UDP6_INC_STATS(net, UDP_MIB_IGNOREDMULTI);
	}
	return 0;
}

/**
 * Remembers the input route of a socket's packets for early demultiplexing.
 * @kernel net/ipv6/udp.c:866 (v5.10)
 */
function udp6_sk_rx_dst_set(sk: sock, dst: dst_entry): void {
	if (udp_sk_rx_dst_set(sk, dst)) inet6_sk(sk)!.rx_dst_cookie = rt6_get_cookie(dst as rt6_info);
}

/**
 * Gives a packet to its socket.
 * @returns 0, or positive to resubmit as that protocol
 * @kernel net/ipv6/udp.c:878 (v5.10)
 */
function udp6_unicast_rcv_skb(sk: sock, skb: sk_buff): number {
	if (
		inet_get_convert_csum(sk) &&
		get_unaligned_be16(skb.head, skb.transport_header + UDPHDR_check) !== 0
	)
		skb_checksum_try_convert(skb, ip6_compute_pseudo(skb, IPPROTO_UDP));

	const ret = udpv6_queue_rcv_skb(sk, skb);
	return ret > 0 ? ret : 0;
}

/** Whether a stolen socket is referenced. */
const steal_scratch = machine_var(() => ({ val: false }));

/**
 * Takes a UDP packet, data at its header.
 * @returns 0, or positive to resubmit as that protocol
 * @kernel net/ipv6/udp.c:894 (v5.10)
 */
export function __udp6_lib_rcv(skb: sk_buff, udptable: udp_table, proto: number): number {
	const net = skb.dev!.nd_net;

	discard: {
		if (!pskb_may_pull(skb, UDPHDR_LEN)) break discard;

		let ulen: number = get_unaligned_be16(skb.head, skb.transport_header + UDPHDR_len);
		if (ulen > skb.len) break discard;

		/* jumbo payload */
		if (ulen === 0) ulen = skb.len;

		if (ulen < UDPHDR_LEN) break discard;

		if (ulen < skb.len && pskb_trim_rcsum(skb, ulen) !== 0) break discard;

		csum_error: {
			const uh = skb.transport_header;
			if (udp6_csum_init(skb, uh, proto) !== 0) break csum_error;

			const nocheck = get_unaligned_be16(skb.head, uh + UDPHDR_check) === 0;

			const refcounted = steal_scratch.of(skb.machine);
			const stolen = skb_steal_sock(skb, refcounted);
			if (stolen !== null) {
				const put = refcounted.val;
				const dst = skb._dst!;

				if (stolen.sk_rx_dst !== dst) udp6_sk_rx_dst_set(stolen, dst);

				if (nocheck && !udp_sk(stolen).no_check6_rx) {
					if (put) sock_put(stolen);
					break csum_error;
				}

				const ret = udp6_unicast_rcv_skb(stolen, skb);
				if (put) sock_put(stolen);
				return ret;
			}

			if (ipv6_addr_is_multicast(skb.head, skb.network_header + IPV6HDR_daddr))
				return __udp6_lib_mcast_deliver(net, skb, udptable);

			const sk = __udp6_lib_lookup_skb(
				skb,
				get_unaligned_be16(skb.head, uh + UDPHDR_source),
				get_unaligned_be16(skb.head, uh + UDPHDR_dest),
				udptable,
			);
			if (sk !== null) {
				if (nocheck && !sk.no_check6_rx) break csum_error;
				return udp6_unicast_rcv_skb(sk, skb);
			}

			if (nocheck) break csum_error;

			if (!xfrm6_policy_check(null, XFRM_POLICY_IN, skb)) break discard;

			/* No socket: answer, but only a packet that is whole. */
			if (udp_lib_checksum_complete(skb)) break csum_error;

			UDP6_INC_STATS(net, UDP_MIB_NOPORTS);
			icmpv6_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH, 0);

			kfree_skb(skb);
			return 0;
		}
		UDP6_INC_STATS(net, UDP_MIB_CSUMERRORS);
	}
	UDP6_INC_STATS(net, UDP_MIB_INERRORS);
	kfree_skb(skb);
	return 0;
}

/**
 * Finds the connected socket of a packet that is not routed yet.
 * @param addrs loc_addr and rmt_addr are offsets into it
 * @returns borrowed, or null
 * @kernel net/ipv6/udp.c:1007 (v5.10)
 */
function __udp6_lib_demux_lookup(
	net: net,
	addrs: Uint8Array,
	loc_port: number,
	loc_addr: number,
	rmt_port: number,
	rmt_addr: number,
	dif: number,
	sdif: number,
): udp_sock | null {
	const hash2 = ipv6_portaddr_hash(net_hash_mix(net), addrs, loc_port, loc_addr);
	const n = udp_hashslot2(udp_table_global.of(net.machine), hash2).head.first;

	/* Only the first of the slot is looked at. */
	if (n === null) return null;
	const sk = n.item as udp_sock;
	return sk.sk_state === TCP_ESTABLISHED &&
		INET6_MATCH(sk, net, addrs, rmt_addr, addrs, loc_addr, rmt_port, loc_port, dif, sdif)
		? sk
		: null;
}

/**
 * Finds the socket, and with it the route, of a packet before it is routed.
 * @kernel net/ipv6/udp.c:1029 (v5.10)
 */
function udp_v6_early_demux(skb: sk_buff): void {
	const dev = skb.dev!;

	if (!pskb_may_pull(skb, skb_transport_offset(skb) + UDPHDR_LEN)) return;

	if (skb.pkt_type !== PACKET_HOST) return;

	const uh = skb.transport_header;
	const sk = __udp6_lib_demux_lookup(
		dev.nd_net,
		skb.head,
		get_unaligned_be16(skb.head, uh + UDPHDR_dest),
		skb.network_header + IPV6HDR_daddr,
		get_unaligned_be16(skb.head, uh + UDPHDR_source),
		skb.network_header + IPV6HDR_saddr,
		dev.ifindex,
		inet6_sdif(skb),
	);

	if (sk === null || sk.sk_refcnt === 0) return;
	sock_hold(sk);

	skb.sk = sk;
	skb.destructor = sock_efree;
	const dst =
		sk.sk_rx_dst === null ? null : dst_check(sk.sk_rx_dst, inet6_sk(sk)!.rx_dst_cookie);
	if (dst !== null) skb_dst_set_noref(skb, dst);
}

/**
 * Takes a UDP packet, data at its header.
 * @kernel net/ipv6/udp.c:1070 (v5.10)
 */
function udpv6_rcv(skb: sk_buff): number {
	return __udp6_lib_rcv(skb, udp_table_global.of(skb.machine), IPPROTO_UDP);
}

/**
 * Throws away what an owned socket is putting together.
 * @kernel net/ipv6/udp.c:1078 (v5.10)
 */
function udp_v6_flush_pending_frames(sk: sock): void {
	const up = udp_sk(sk);

	if (up.pending === AF_INET) {
		udp_flush_pending_frames(sk);
	} else if (up.pending !== 0) {
		up.len = 0;
		up.pending = 0;
		ip6_flush_pending_frames(sk);
	}
}

/**
 * Leaves the checksum of a datagram to the device, or sums it when it is a list of fragments.
 * @param len UDP header and payload, bytes
 * @kernel net/ipv6/udp.c:1121 (v5.10)
 */
function udp6_hwcsum_outgoing(
	skb: sk_buff,
	saddr: Uint8Array,
	daddr: Uint8Array,
	len: number,
): void {
	const uh = skb.transport_header;
	let frags = skb.shinfo.frag_list;

	if (frags === null) {
		skb.csum_start = uh;
		skb.csum_offset = UDPHDR_check;
		const sum = csum_ipv6_magic(saddr, 0, daddr, 0, len, IPPROTO_UDP, 0);
		put_unaligned_be16(~sum & 0xffff, skb.head, uh + UDPHDR_check);
		return;
	}

	const offset = skb_transport_offset(skb);
	skb.csum = skb_checksum(skb, offset, skb.len - offset, 0);
	let { csum } = skb;

	skb.ip_summed = CHECKSUM_NONE;

	for (; frags !== null; frags = frags.next) csum = csum_add(csum, frags.csum);

	const check = csum_ipv6_magic(saddr, 0, daddr, 0, len, IPPROTO_UDP, csum);
	put_unaligned_be16(check === 0 ? CSUM_MANGLED_0 : check, skb.head, uh + UDPHDR_check);
}

/**
 * Completes the UDP header of a datagram and sends it.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/udp.c:1162 (v5.10)
 */
function udp_v6_send_skb(skb: sk_buff, fl6: flowi6): number {
	const sk = skb.sk!;
	const { head } = skb;
	const uh = skb.transport_header;
	const len = skb.len - skb_transport_offset(skb);

	put_unaligned_be16(fl6.fl6_sport, head, uh + UDPHDR_source);
	put_unaligned_be16(fl6.fl6_dport, head, uh + UDPHDR_dest);
	put_unaligned_be16(len, head, uh + UDPHDR_len);
	put_unaligned_be16(0, head, uh + UDPHDR_check);

	if (udp_sk(sk).no_check6_tx) {
		skb.ip_summed = CHECKSUM_NONE;
	} else if (skb.ip_summed === CHECKSUM_PARTIAL) {
		udp6_hwcsum_outgoing(skb, fl6.saddr, fl6.daddr, len);
	} else {
		const csum = udp_csum(skb);
		const check = csum_ipv6_magic(fl6.saddr, 0, fl6.daddr, 0, len, fl6.flowi6_proto, csum);
		put_unaligned_be16(check === 0 ? CSUM_MANGLED_0 : check, head, uh + UDPHDR_check);
	}

	const err = ip6_send_skb(skb);
	if (err === 0) {
		UDP6_INC_STATS(sock_net(sk), UDP_MIB_OUTDATAGRAMS);
	} else if (err === -ENOBUFS && inet6_sk(sk)!.recverr === 0) {
		UDP6_INC_STATS(sock_net(sk), UDP_MIB_SNDBUFERRORS);
		return 0;
	}
	return err;
}

/**
 * Sends the datagram that an owned socket puts together.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/udp.c:1247 (v5.10)
 */
function udp_v6_push_pending_frames(sk: sock): number {
	const up = udp_sk(sk);

	if (up.pending === AF_INET) return udp_push_pending_frames(sk);

	/* ip6_finish_skb() forgets the flow. */
	const fl6 = new flowi6();
	const cork_fl6 = inet_sk(sk).cork.fl6;
	if (cork_fl6 !== null) fl6.copy(cork_fl6);

	const skb = ip6_finish_skb(sk);
	const err = skb === null ? 0 : udp_v6_send_skb(skb, fl6);

	up.len = 0;
	up.pending = 0;
	return err;
}

/**
 * Sends a datagram to an IPv4 address.
 * @returns bytes or a negative errno
 * @kernel PORT: label do_udp_sendmsg of udpv6_sendmsg()
 */
function udpv6_sendmsg_v4(
	sk: sock,
	msg: msghdr,
	len: number,
	addr: number,
	port: number,
): number {
	if (ipv6_only_sock(sk)) return -ENETUNREACH;

	const { name } = msg;
	msg.name = { family: AF_INET, addr, port };
	const ret = udp_sendmsg(sk, msg, len);
	msg.name = name;
	return ret;
}

/**
 * Appends a piece to the datagram that an owned socket puts together.
 * @param ulen bytes
 * @returns 0 or a negative errno
 * @kernel PORT: label do_append_data of udpv6_sendmsg()
 */
function udpv6_append(
	sk: sock,
	msg: msghdr,
	ulen: number,
	ipc6: ipcm6_cookie,
	fl6: flowi6,
	rt: rt6_info,
	corkreq: boolean,
): number {
	const up = udp_sk(sk);
	const np = inet6_sk(sk)!;

	if (ipc6.dontfrag < 0) ipc6.dontfrag = np.dontfrag;
	up.len += ulen;
	let err = ip6_append_data(
		sk,
		ip_generic_getfrag,
		msg,
		ulen,
		UDPHDR_LEN,
		ipc6,
		fl6,
		rt,
		corkreq ? msg.flags | MSG_MORE : msg.flags,
	);
	if (err !== 0) udp_v6_flush_pending_frames(sk);
	else if (!corkreq) err = udp_v6_push_pending_frames(sk);
	else if (skb_queue_empty(sk.sk_write_queue)) up.pending = 0;

	if (err > 0) err = np.recverr !== 0 ? net_xmit_errno(err) : 0;
	return err;
}

/**
 * Ends a send: counts one that failed for want of room.
 * @returns len, or err when it is not 0
 * @kernel PORT: label out of udpv6_sendmsg()
 */
function udpv6_sent(sk: sock, len: number, err: number): number {
	if (err === 0) return len;
	if (
		err === -ENOBUFS ||
		(sk.sk_socket !== null && (sk.sk_socket.flags & (1 << SOCK_NOSPACE)) !== 0)
	)
		UDP6_INC_STATS(sock_net(sk), UDP_MIB_SNDBUFERRORS);
	return err;
}

/**
 * Sends a datagram, or a piece of one.
 * @param len bytes
 * @returns bytes or a negative errno
 * @kernel net/ipv6/udp.c:1274 (v5.10)
 */
export function udpv6_sendmsg(sk: sock, msg: msghdr, len: number): number {
	const up = udp_sk(sk);
	const inet = inet_sk(sk);
	const np = inet6_sk(sk)!;
	const { ipc6, fl6, cork } = send_scratch.of(sk.machine);
	const corkreq = up.corkflag || (msg.flags & MSG_MORE) !== 0;
	let sin6: sockaddr_in6 | null = null;
	let daddr: Uint8Array | null = null;
	let connected = false;
	let ulen = len;
	let err: number;

	ipcm6_init(ipc6);
	ipc6.sockc_tsflags = sk.sk_tsflags;
	ipc6.sockc_mark = sk.sk_mark;

	if (msg.name !== null) {
		switch (msg.name.family) {
			case AF_INET6:
				sin6 = msg.name;
				daddr = sin6.addr;
				if (ipv6_addr_any(daddr) && ipv6_addr_v4mapped(np.saddr)) {
					daddr = new Uint8Array(16);
					ipv6_addr_set_v4mapped(INADDR_LOOPBACK as __be32, daddr);
				}
				break;
			case AF_INET:
				return udpv6_sendmsg_v4(sk, msg, len, msg.name.addr, msg.name.port);
			case AF_UNSPEC:
				break;
			default:
				return -EINVAL;
		}
	} else if (up.pending === 0) {
		if (sk.sk_state !== TCP_ESTABLISHED) return -EDESTADDRREQ;
		daddr = sk.sk_v6_daddr;
	}

	if (daddr !== null && ipv6_addr_v4mapped(daddr)) {
		const port = sin6 !== null ? sin6.port : inet.inet_dport;
		return udpv6_sendmsg_v4(sk, msg, len, get_unaligned_be32(daddr, 12), port);
	}

	if (up.pending === AF_INET) return udp_sendmsg(sk, msg, len);

	if (len > 0x7fffffff - UDPHDR_LEN) return -EMSGSIZE;

	if (up.pending !== 0) {
		lock_sock(sk);
		if (up.pending !== 0) {
			if (up.pending !== AF_INET6) {
				release_sock(sk);
				return -EAFNOSUPPORT;
			}
			err = udpv6_append(
				sk,
				msg,
				ulen,
				ipc6,
				fl6,
				inet.cork.base.dst as rt6_info,
				corkreq,
			);
			release_sock(sk);
			return udpv6_sent(sk, len, err);
		}
		release_sock(sk);
	}
	ulen += UDPHDR_LEN;

	fl6.clear();

	if (sin6 !== null && daddr !== null) {
		if (sin6.port === 0) return -EINVAL;

		fl6.fl6_dport = sin6.port as __be16;

		if (np.sndflow !== 0) fl6.flowlabel = ((sin6.flowinfo ?? 0) & IPV6_FLOWINFO_MASK) as __be32;

		/* The cached route belongs to this very array. */
		if (sk.sk_state === TCP_ESTABLISHED && ipv6_addr_equal(daddr, sk.sk_v6_daddr))
			daddr = sk.sk_v6_daddr;

		const scope_id = sin6.scope_id ?? 0;
		if (scope_id !== 0 && __ipv6_addr_needs_scope_id(__ipv6_addr_type(daddr)))
			fl6.flowi6_oif = scope_id;
	} else {
		if (sk.sk_state !== TCP_ESTABLISHED) return -EDESTADDRREQ;

		fl6.fl6_dport = inet.inet_dport;
		daddr = sk.sk_v6_daddr;
		fl6.flowlabel = np.flow_label;
		connected = true;
	}

	if (fl6.flowi6_oif === 0) fl6.flowi6_oif = sk.sk_bound_dev_if;

	if (fl6.flowi6_oif === 0) fl6.flowi6_oif = np.sticky_pktinfo.ipi6_ifindex;

	fl6.flowi6_mark = ipc6.sockc_mark;
	fl6.flowi6_uid = sk.sk_uid;

	let opt: ipv6_txoptions | null = null;
	if (msg_has_control(msg)) {
		opt = ipc6.opt = new ipv6_txoptions();
		err = ip6_datagram_send_ctl(sock_net(sk), sk, msg, fl6, ipc6);
		if (err < 0) return err;
		if (opt.opt_nflen === 0 && opt.opt_flen === 0) opt = null;
		connected = false;
	}
	ipc6.opt = opt ?? np.opt;

	fl6.flowi6_proto = sk.sk_protocol;
	ipv6_addr_copy(fl6.daddr, daddr);
	if (ipv6_addr_any(fl6.saddr) && !ipv6_addr_any(np.saddr)) ipv6_addr_copy(fl6.saddr, np.saddr);
	fl6.fl6_sport = inet.inet_sport;

	/* :: is this host */
	if (ipv6_addr_any(fl6.daddr)) fl6.daddr[15] = 1;

	if (fl6.flowi6_oif === 0 && ipv6_addr_is_multicast(fl6.daddr)) {
		fl6.flowi6_oif = np.mcast_oif;
		connected = false;
	} else if (fl6.flowi6_oif === 0) {
		fl6.flowi6_oif = np.ucast_oif;
	}

	if (ipc6.tclass < 0) ipc6.tclass = np.tclass;

	fl6.flowlabel = ip6_make_flowinfo(ipc6.tclass, fl6.flowlabel);

	const dst = ip6_sk_dst_lookup_flow(sk, fl6, null, connected);
	if (IS_ERR(dst)) return udpv6_sent(sk, len, dst);

	if (ipc6.hlimit < 0) ipc6.hlimit = ip6_sk_dst_hoplimit(np, fl6, dst);

	out: {
		if ((msg.flags & MSG_CONFIRM) !== 0 && (msg.flags & MSG_PROBE) !== 0) {
			dst_confirm_neigh(dst, fl6.daddr);
			if (len === 0) {
				err = 0;
				break out;
			}
		}

		if (!corkreq) {
			const skb = ip6_make_skb(
				sk,
				ip_generic_getfrag,
				msg,
				ulen,
				UDPHDR_LEN,
				ipc6,
				fl6,
				dst as rt6_info,
				msg.flags,
				cork,
			);
			if (IS_ERR(skb)) err = skb;
			else err = skb === null ? 0 : udp_v6_send_skb(skb, fl6);
			break out;
		}

		lock_sock(sk);
		if (up.pending !== 0) {
			release_sock(sk);
			err = -EINVAL;
			break out;
		}

		up.pending = AF_INET6;
		err = udpv6_append(sk, msg, ulen, ipc6, fl6, dst as rt6_info, corkreq);
		release_sock(sk);
	}
	dst_release(dst);
	return udpv6_sent(sk, len, err);
}

/**
 * Throws away what a closed socket was putting together, and what its IPv6 part holds.
 * @kernel net/ipv6/udp.c:1595 (v5.10)
 */
export function udpv6_destroy_sock(sk: sock): void {
	const up = udp_sk(sk);

	lock_sock(sk);
	udp_v6_flush_pending_frames(sk);
	release_sock(sk);

	if (up.encap_type !== 0) up.encap_destroy?.(sk);
	if (up.encap_enabled) udp_encap_ops.of(sk.machine).needed--;

	inet6_destroy_sock(sk);
}

/**
 * setsockopt(): level SOL_UDP, else as all IPv6 sockets.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/udp.c:1619 (v5.10)
 */
export function udpv6_setsockopt(
	sk: sock,
	level: number,
	optname: number,
	optval: sockopt_value,
): number {
	if (level === SOL_UDP)
		return udp_lib_setsockopt(sk, level, optname, optval, udp_v6_push_pending_frames);
	return ipv6_setsockopt(sk, level, optname, optval);
}

/**
 * getsockopt(): level SOL_UDP, else as all IPv6 sockets.
 * @param res gets the value
 * @returns 0 or a negative errno
 * @kernel net/ipv6/udp.c:1629 (v5.10)
 */
export function udpv6_getsockopt(
	sk: sock,
	level: number,
	optname: number,
	res: sockopt_result,
): number {
	if (level === SOL_UDP) return udp_lib_getsockopt(sk, level, optname, res);
	return ipv6_getsockopt(sk, level, optname, res);
}

const udpv6_protocol: inet6_protocol = {
	early_demux: udp_v6_early_demux,
	early_demux_handler: udp_v6_early_demux,
	handler: udpv6_rcv,
	err_handler: udpv6_err,
	flags: INET6_PROTO_NOPOLICY | INET6_PROTO_FINAL,
};

export const udpv6_prot: proto = {
	...udp_prot,
	name: 'UDPv6',
	close: udp_lib_close,
	connect: ip6_datagram_connect,
	disconnect: udp_disconnect,
	init: udp_init_sock,
	destroy: udpv6_destroy_sock,
	setsockopt: udpv6_setsockopt,
	getsockopt: udpv6_getsockopt,
	sendmsg: udpv6_sendmsg,
	recvmsg: udpv6_recvmsg,
	release_cb: ip6_datagram_release_cb,
	hash: udp_lib_hash,
	unhash: udp_lib_unhash,
	rehash: udp_v6_rehash,
	get_port: udp_v6_get_port,
	alloc: (net) => new udp_sock(net, udpv6_prot),
	diag_destroy: udp_abort,
};

/**
 * Starts UDP over IPv6 on a machine.
 * @returns 0, or -1 when the protocol is taken
 * @kernel net/ipv6/udp.c:1730 (v5.10)
 */
export function udpv6_init(m: Machine): number {
	return inet6_add_protocol(m, udpv6_protocol, IPPROTO_UDP);
}
