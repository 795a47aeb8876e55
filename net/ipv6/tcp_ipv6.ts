// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/tcp_ipv6.c, base v5.10: TCP over IPv6, and over IPv4 by sockets of AF_INET6.
 *
 * PORT: what parsing the IPv6 headers found stays in inet6_skb_parm, so nothing is moved to and fro
 * (tcp_v6_restore_cb). The (type, protocol) pair is registered by net/ipv6/af_inet6.ts, which imports this file.
 * Not ported: MD5, SYN cookies, fast open, routing headers, flow label management.
 */
import {
	dst_check,
	type dst_entry,
	dst_metric_advmss,
	dst_mtu,
	dst_release,
	skb_dst_set,
	skb_dst_set_noref,
} from '../../include/net/dst.ts';
import { INET_ECN_MASK, IP6_ECN_flow_init } from '../../include/net/inet_ecn.ts';
import {
	type inet_connection_sock_af_ops,
	inet_csk,
} from '../../include/net/inet_connection_sock.ts';
import { type inet_timewait_sock, inet_twsk } from '../../include/net/inet_timewait_sock.ts';
import { __in6_dev_get } from '../../include/net/addrconf.ts';
import { inet_sk } from '../../include/net/inet_sock.ts';
import {
	inet_reqsk,
	inet_rsk,
	type own_req_result,
	type request_sock,
	type request_sock_ops,
} from '../../include/net/request_sock.ts';
import type { timewait_sock_ops } from '../../include/net/timewait_sock.ts';
import { netif_index_is_l3_master } from '../../include/net/l3mdev.ts';
import type { net, pernet_operations } from '../../include/net/net_namespace.ts';
import { type flowi, flowi6 } from '../../include/net/flow.ts';
import {
	INET6_PROTO_FINAL,
	INET6_PROTO_NOPOLICY,
	type inet6_protocol,
} from '../../include/net/protocol.ts';
import { MAX_HEADER } from '../../include/linux/netdevice.ts';
import { ICMP6_INC_STATS, NET_INC_STATS, TCP_INC_STATS } from '../../include/net/snmp.ts';
import {
	type proto,
	sk_acceptq_is_full,
	sk_drops_add,
	sk_fullsock,
	sk_is_refcounted,
	sk_set_txhash,
	type sock,
	type sock_common,
	sock_hold,
	sock_owned_by_user,
} from '../../include/net/sock.ts';
import {
	between,
	MAX_TCP_HEADER,
	tcp_listendrop,
	type tcp_request_sock_ops,
	tcp_segs_in,
	TCP_SKB_CB,
	tcp_stream_memory_free,
	tcp_time_stamp_raw,
	TCP_TW_ACK,
	TCP_TW_RST,
	TCP_TW_SUCCESS,
	TCP_TW_SYN,
	TCPOLEN_TIMESTAMP,
	TCPOLEN_TSTAMP_ALIGNED,
	TCPOPT_NOP,
	TCPOPT_TIMESTAMP,
} from '../../include/net/tcp.ts';
import {
	TCP_CLOSE,
	TCP_ESTABLISHED,
	TCP_LISTEN,
	TCP_NEW_SYN_RECV,
	TCP_SYN_RECV,
	TCP_SYN_SENT,
	TCP_TIME_WAIT,
	TCPF_CLOSE,
	TCPF_LISTEN,
} from '../../include/net/tcp_states.ts';
import {
	get_unaligned_be16,
	get_unaligned_be32,
	htonl,
	htons,
	put_unaligned_be16,
	put_unaligned_be32,
} from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { type Machine, machine_var } from '../../include/linux/machine.ts';
import { proc_create_net, remove_proc_entry } from '../../include/linux/proc_fs.ts';
import {
	CHECKSUM_PARTIAL,
	PACKET_HOST,
	type sk_buff,
	SKB_GSO_TCPV6,
	skb_reserve,
	skb_reset_transport_header,
	skb_transport_offset,
} from '../../include/linux/skbuff.ts';
import {
	AF_INET,
	AF_INET6,
	PF_INET6,
	SOCK_RAW,
	type sockaddr,
} from '../../include/linux/socket.ts';
import {
	tcp_hdrlen,
	tcp_mss_clamp,
	tcp_request_sock,
	tcp_rsk,
	tcp_sk,
	tcp_sock,
	tcp_timewait_sock,
	tcp_twsk,
	TCPF_MTU_REDUCED_DEFERRED,
} from '../../include/linux/tcp.ts';
import {
	EAFNOSUPPORT,
	EINVAL,
	ENETUNREACH,
	ENOENT,
	ENOMEM,
} from '../../include/uapi/linux/errno.ts';
import { INADDR_LOOPBACK, IPPROTO_TCP } from '../../include/uapi/linux/in.ts';
import { IPHDR_LEN, IPHDR_ttl } from '../../include/uapi/linux/ip.ts';
import {
	ICMP6_MIB_INERRORS,
	LINUX_MIB_LISTENOVERFLOWS,
	LINUX_MIB_LOCKDROPPEDICMPS,
	LINUX_MIB_OUTOFWINDOWICMPS,
	LINUX_MIB_TCPMINTTLDROP,
	TCP_MIB_CSUMERRORS,
	TCP_MIB_INERRS,
	TCP_MIB_INSEGS,
	TCP_MIB_OUTRSTS,
	TCP_MIB_OUTSEGS,
} from '../../include/uapi/linux/snmp.ts';
import {
	TCPHDR_ACK,
	TCPHDR_ack_seq,
	TCPHDR_dest,
	TCPHDR_doff,
	TCPHDR_FIN,
	TCPHDR_flags,
	TCPHDR_LEN,
	TCPHDR_RST,
	TCPHDR_seq,
	TCPHDR_source,
	TCPHDR_SYN,
	TCPHDR_window,
} from '../../include/uapi/linux/tcp.ts';
import { __skb_checksum_validate } from '../core/datagram.ts';
import { dst_hold_safe } from '../core/dst.ts';
import { reqsk_put } from '../core/request_sock.ts';
import { secure_tcpv6_seq, secure_tcpv6_ts_off } from '../core/secure_seq.ts';
import {
	__kfree_skb,
	alloc_skb,
	kfree_skb,
	pskb_may_pull,
	skb_clone,
	skb_push,
} from '../core/skbuff.ts';
import {
	__sk_dst_check,
	skb_set_owner_r,
	skb_steal_sock,
	sock_edemux,
	sock_put,
} from '../core/sock.ts';
import {
	inet_ctl_sock_create,
	inet_ctl_sock_destroy,
	inet_sk_rebuild_header,
} from '../ipv4/inet_common.ts';
import { __inet_inherit_port, inet_ehash_nolisten, inet_unhash } from '../ipv4/inet_hashtables.ts';
import {
	inet_twsk_deschedule_put,
	inet_twsk_purge,
	inet_twsk_put,
} from '../ipv4/inet_timewait_sock.ts';
import {
	inet_csk_accept,
	inet_csk_get_port,
	inet_csk_prepare_forced_close,
	inet_csk_reqsk_queue_drop_and_put,
} from '../ipv4/inet_connection_sock.ts';
import { inet_iif } from '../ipv4/route.ts';
import {
	sysctl_tcp_mem,
	tcp_checksum_complete,
	tcp_done,
	tcp_enter_memory_pressure,
	tcp_hashinfo,
	tcp_initialize_rcv_mss,
	tcp_leave_memory_pressure,
	tcp_memory_allocated,
	tcp_memory_pressure,
	tcp_orphan_count,
	tcp_set_state,
	tcp_sockets_allocated,
} from '../ipv4/tcp_lib.ts';
import { tcp_connect, tcp_make_synack, tcp_rtx_synack, tcp_sync_mss } from '../ipv4/tcp_output.ts';
import {
	tcp_conn_request,
	tcp_rcv_established,
	tcp_rcv_state_process,
	tcp_simple_retransmit,
} from '../ipv4/tcp_input.ts';
import { tcp_release_cb, tcp_set_keepalive, tcp_syn_ack_timeout } from '../ipv4/tcp_timer.ts';
import {
	type check_req_result,
	tcp_ca_openreq_child,
	tcp_check_req,
	tcp_child_process,
	tcp_create_openreq_child,
	tcp_timewait_state_process,
	tcp_twsk_destructor,
} from '../ipv4/tcp_minisocks.ts';
import {
	tcp_abort,
	tcp_close,
	tcp_disconnect,
	tcp_getsockopt,
	tcp_init_sock,
	tcp_recvmsg,
	tcp_sendmsg,
	tcp_sendpage,
	tcp_setsockopt,
	tcp_shutdown,
} from '../ipv4/tcp.ts';
import {
	inet_sk_rx_dst_set,
	net_xmit_eval,
	seq_hex,
	tcp_add_backlog,
	tcp_ld_RTO_revert,
	tcp_req_err,
	tcp_rmem_min,
	tcp_seq_sockets,
	tcp_seq_sport,
	tcp_seq_state,
	tcp_twsk_unique,
	tcp_v4_conn_request,
	tcp_v4_connect,
	tcp_v4_destroy_sock,
	tcp_v4_do_rcv,
	tcp_v4_mtu_reduced,
	tcp_v4_queue_xmit,
	tcp_v4_send_check,
	tcp_v4_syn_recv_sock,
	tcp_wmem_min,
} from '../ipv4/tcp_ipv4.ts';
import {
	FLOWLABEL_REFLECT_TCP_RESET,
	FRAG_HDR_LEN,
	ip6_flowinfo,
	ip6_flowlabel,
	IP6_REPLY_MARK,
	ipv6_addr_any,
	ipv6_addr_copy,
	ipv6_addr_equal,
	IPV6_ADDR_LINKLOCAL,
	IPV6_ADDR_MAPPED,
	IPV6_ADDR_MULTICAST,
	ipv6_addr_set_v4mapped,
	ipv6_addr_type,
	ipv6_addr_v4mapped,
	IPV6_FLOWINFO_MASK,
	IPV6_FLOWLABEL_MASK,
	ipv6_get_dsfield,
} from '../../include/net/ipv6.ts';
import {
	ip6_sk_accept_pmtu,
	ipv6_unicast_destination,
	rt6_need_strict,
} from '../../include/net/ip6_route.ts';
import { rt6_get_cookie, type rt6_info } from '../../include/net/ip6_fib.ts';
import { __tcp_v6_send_check, ip6_compute_pseudo } from '../../include/net/ip6_checksum.ts';
import { NDISC_REDIRECT } from '../../include/net/ndisc.ts';
import { LOOPBACK4_IPV6 } from '../../include/net/transp_v6.ts';
import { xfrm6_policy_check, XFRM_POLICY_IN } from '../../include/net/xfrm.ts';
import { in6addr_loopback } from '../../include/linux/in6.ts';
import {
	inet6_iif,
	inet6_sdif,
	inet6_sk,
	type inet6_skb_parm,
	IP6CB,
	ipv6_l3mdev_skb,
	ipv6_pinfo,
} from '../../include/linux/ipv6.ts';
import {
	IPV6_MIN_MTU,
	IPV6HDR_daddr,
	IPV6HDR_hop_limit,
	IPV6HDR_LEN,
	IPV6HDR_saddr,
} from '../../include/uapi/linux/ipv6.ts';
import {
	ICMPV6_DEST_UNREACH,
	ICMPV6_NOROUTE,
	ICMPV6_PKT_TOOBIG,
} from '../../include/uapi/linux/icmpv6.ts';
import { ETH_P_IP } from '../../include/uapi/linux/if_ether.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import { inet6_add_protocol } from './protocol.ts';
import { ip6_dst_lookup_flow, ip6_xmit } from './ip6_output.ts';
import { ip6_dst_store } from './route.ts';
import { inet6_destroy_sock, inet6_sk_rebuild_header, ipv6_opt_accepted } from './inet6_common.ts';
import { ipv6_icmp_error, sk_dev_equal_l3scope } from './datagram.ts';
import { icmpv6_err_convert } from './icmp.ts';
import { ipv6_getsockopt, ipv6_setsockopt } from './ipv6_sockglue.ts';
import {
	__inet6_lookup,
	__inet6_lookup_established,
	inet6_hash,
	inet6_hash_connect,
	inet6_lookup_listener,
} from './inet6_hashtables.ts';
import {
	inet6_csk_route_req,
	inet6_csk_update_pmtu,
	inet6_csk_xmit,
} from './inet6_connection_sock.ts';

const MSS_CLAMP = IPV6_MIN_MTU - TCPHDR_LEN - IPV6HDR_LEN;

/**
 * The IPv6 part of a TCP socket.
 * @kernel net/ipv6/tcp_ipv6.c:96 (v5.10)
 */
function tcp_inet6_sk(sk: sock): ipv6_pinfo {
	return inet_sk(sk).pinet6!;
}

/**
 * Copies the IPv6 part of a listener to a connection.
 * @kernel PORT: memcpy(newnp, np, sizeof(struct ipv6_pinfo))
 */
function ipv6_pinfo_dup(np: ipv6_pinfo): ipv6_pinfo {
	const n = new ipv6_pinfo();

	n.saddr.set(np.saddr);
	n.sticky_pktinfo.ipi6_addr.set(np.sticky_pktinfo.ipi6_addr);
	n.sticky_pktinfo.ipi6_ifindex = np.sticky_pktinfo.ipi6_ifindex;
	n.flow_label = np.flow_label;
	n.frag_size = np.frag_size;
	n.hop_limit = np.hop_limit;
	n.mc_loop = np.mc_loop;
	n.mcast_hops = np.mcast_hops;
	n.ucast_oif = np.ucast_oif;
	n.mcast_oif = np.mcast_oif;
	Object.assign(n.rxopt.bits, np.rxopt.bits);
	n.recverr = np.recverr;
	n.sndflow = np.sndflow;
	n.repflow = np.repflow;
	n.pmtudisc = np.pmtudisc;
	n.srcprefs = np.srcprefs;
	n.dontfrag = np.dontfrag;
	n.autoflowlabel = np.autoflowlabel;
	n.autoflowlabel_set = np.autoflowlabel_set;
	n.mc_all = np.mc_all;
	n.recverr_rfc4884 = np.recverr_rfc4884;
	n.rtalert_isolate = np.rtalert_isolate;
	n.min_hopcount = np.min_hopcount;
	n.tclass = np.tclass;
	n.rcv_flowinfo = np.rcv_flowinfo;
	n.dst_cookie = np.dst_cookie;
	n.rx_dst_cookie = np.rx_dst_cookie;
	return n;
}

/**
 * Tells whether a socket reports anything of its packets' headers.
 * @kernel PORT: np->rxopt.all
 */
function rxopt_any(np: ipv6_pinfo): boolean {
	const b = np.rxopt.bits;

	return (
		(b.srcrt |
			b.osrcrt |
			b.rxinfo |
			b.rxoinfo |
			b.rxhlim |
			b.rxohlim |
			b.hopopts |
			b.ohopopts |
			b.dstopts |
			b.odstopts |
			b.rxflow |
			b.rxtclass |
			b.rxpmtu |
			b.rxorigdstaddr |
			b.recvfragsize) !==
		0
	);
}

/**
 * Remembers the route by which a connection's packets come in.
 * @kernel net/ipv6/tcp_ipv6.c:103 (v5.10)
 */
function inet6_sk_rx_dst_set(sk: sock, skb: sk_buff): void {
	const dst = skb._dst;

	if (dst !== null && dst_hold_safe(dst)) {
		sk.sk_rx_dst = dst;
		inet_sk(sk).rx_dst_ifindex = skb.skb_iif;
		tcp_inet6_sk(sk).rx_dst_cookie = rt6_get_cookie(dst as rt6_info);
	}
}

/**
 * Initial sequence number for the answer to a SYN.
 * @kernel net/ipv6/tcp_ipv6.c:116 (v5.10)
 */
function tcp_v6_init_seq(skb: sk_buff): number {
	const iph = skb.network_header;
	const th = skb.transport_header;

	return secure_tcpv6_seq(
		skb.machine,
		skb.head,
		skb.head,
		get_unaligned_be16(skb.head, th + TCPHDR_dest),
		get_unaligned_be16(skb.head, th + TCPHDR_source),
		iph + IPV6HDR_daddr,
		iph + IPV6HDR_saddr,
	);
}

/**
 * Timestamp offset for the answer to a SYN.
 * @kernel net/ipv6/tcp_ipv6.c:124 (v5.10)
 */
function tcp_v6_init_ts_off(net: net, skb: sk_buff): number {
	const iph = skb.network_header;

	return secure_tcpv6_ts_off(
		net,
		skb.head,
		skb.head,
		iph + IPV6HDR_daddr,
		iph + IPV6HDR_saddr,
	);
}

/**
 * Begins a connection, over IPv4 when the address is a mapped one.
 * @returns 0, -EAFNOSUPPORT, -EINVAL, -ENETUNREACH, -EADDRNOTAVAIL or what routing and sending say
 * @kernel net/ipv6/tcp_ipv6.c:145 (v5.10)
 */
function tcp_v6_connect(sk: sock, uaddr: sockaddr): number {
	const inet = inet_sk(sk);
	const tp = tcp_sk(sk);
	const np = tcp_inet6_sk(sk);
	const net = sk.sk_net;

	if (uaddr.family !== AF_INET6) return -EAFNOSUPPORT;

	let flowlabel = 0;
	if (np.sndflow !== 0) {
		flowlabel = IP6_ECN_flow_init((uaddr.flowinfo ?? 0) & IPV6_FLOWINFO_MASK);
		/* Labels would have to be reserved first. */
		if ((flowlabel & IPV6_FLOWLABEL_MASK) !== 0) return -EINVAL;
	}

	let { addr } = uaddr;
	if (ipv6_addr_any(addr)) {
		if (ipv6_addr_v4mapped(sk.sk_v6_rcv_saddr)) {
			addr = new Uint8Array(16);
			ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK), addr);
		} else {
			addr = in6addr_loopback;
		}
	}

	const addr_type = ipv6_addr_type(addr);

	if ((addr_type & IPV6_ADDR_MULTICAST) !== 0) return -ENETUNREACH;

	if ((addr_type & IPV6_ADDR_LINKLOCAL) !== 0) {
		const scope_id = uaddr.scope_id ?? 0;

		if (scope_id !== 0) {
			if (!sk_dev_equal_l3scope(sk, scope_id)) return -EINVAL;

			sk.sk_bound_dev_if = scope_id;
		}

		if (sk.sk_bound_dev_if === 0) return -EINVAL;
	}

	if (tp.rx_opt.ts_recent_stamp !== 0 && !ipv6_addr_equal(sk.sk_v6_daddr, addr)) {
		tp.rx_opt.ts_recent = 0;
		tp.rx_opt.ts_recent_stamp = 0;
		tp.write_seq = 0;
	}

	sk.sk_v6_daddr.set(addr);
	np.flow_label = htonl(flowlabel);

	let err: number;

	failure: {
		if ((addr_type & IPV6_ADDR_MAPPED) !== 0) {
			const exthdrlen = tp.icsk_ext_hdr_len;

			if (sk.sk_ipv6only) return -ENETUNREACH;

			tp.icsk_af_ops = ipv6_mapped;
			sk.sk_backlog_rcv = tcp_v4_do_rcv;

			err = tcp_v4_connect(sk, {
				family: AF_INET,
				addr: get_unaligned_be32(addr, 12),
				port: uaddr.port,
			});

			if (err !== 0) {
				tp.icsk_ext_hdr_len = exthdrlen;
				tp.icsk_af_ops = ipv6_specific;
				sk.sk_backlog_rcv = tcp_v6_do_rcv;
				break failure;
			}
			np.saddr.set(sk.sk_v6_rcv_saddr);

			return err;
		}

		const bound = !ipv6_addr_any(sk.sk_v6_rcv_saddr);
		const fl6 = (inet.cork.fl6 ??= new flowi6());

		fl6.clear();
		fl6.flowlabel = htonl(flowlabel);
		fl6.flowi6_proto = IPPROTO_TCP;
		fl6.daddr.set(sk.sk_v6_daddr);
		fl6.saddr.set(bound ? sk.sk_v6_rcv_saddr : np.saddr);
		fl6.flowi6_oif = sk.sk_bound_dev_if;
		fl6.flowi6_mark = sk.sk_mark;
		fl6.fl6_dport = htons(uaddr.port);
		fl6.fl6_sport = inet.inet_sport;
		fl6.flowi6_uid = sk.sk_uid;

		const dst = ip6_dst_lookup_flow(net, sk, fl6, null);
		if (IS_ERR(dst)) {
			err = dst;
			break failure;
		}

		if (!bound) sk.sk_v6_rcv_saddr.set(fl6.saddr);

		np.saddr.set(sk.sk_v6_rcv_saddr);
		inet.inet_rcv_saddr = htonl(LOOPBACK4_IPV6);

		sk.sk_gso_type = SKB_GSO_TCPV6;
		ip6_dst_store(sk, dst, null, null);

		tp.icsk_ext_hdr_len = np.opt !== null ? np.opt.opt_flen + np.opt.opt_nflen : 0;

		tp.rx_opt.mss_clamp = MSS_CLAMP;

		inet.inet_dport = htons(uaddr.port);

		tcp_set_state(sk, TCP_SYN_SENT);
		late_failure: {
			err = inet6_hash_connect(net.ipv4.tcp_death_row, sk);
			if (err !== 0) break late_failure;

			sk_set_txhash(sk);

			if (tp.write_seq === 0)
				tp.write_seq = secure_tcpv6_seq(
					sk.machine,
					np.saddr,
					sk.sk_v6_daddr,
					inet.inet_sport,
					inet.inet_dport,
				);
			tp.tsoffset = secure_tcpv6_ts_off(net, np.saddr, sk.sk_v6_daddr);

			err = tcp_connect(sk);
			if (err !== 0) break late_failure;

			return 0;
		}
		tcp_set_state(sk, TCP_CLOSE);
	}
	inet.inet_dport = htons(0);
	sk.sk_route_caps = 0;
	return err;
}

/**
 * Takes a smaller path MTU, and sends again what was too large for it.
 * @kernel net/ipv6/tcp_ipv6.c:348 (v5.10)
 */
function tcp_v6_mtu_reduced(sk: sock): void {
	if (((1 << sk.sk_state) & (TCPF_LISTEN | TCPF_CLOSE)) !== 0) return;

	const dst = inet6_csk_update_pmtu(sk, tcp_sk(sk).mtu_info);
	if (dst === null) return;

	if (inet_csk(sk).icsk_pmtu_cookie > dst_mtu(dst)) {
		tcp_sync_mss(sk, dst_mtu(dst));
		tcp_simple_retransmit(sk);
	}
}

/**
 * Takes an ICMPv6 error that quotes a TCP segment; data is at the quoted IPv6 header.
 * @param offset from data to the TCP header
 * @param info MTU of a "packet too big"
 * @returns 0, or -ENOENT when there is no such connection
 * @kernel net/ipv6/tcp_ipv6.c:365 (v5.10)
 */
function tcp_v6_err(
	skb: sk_buff,
	_opt: inet6_skb_parm,
	type: number,
	code: number,
	offset: number,
	info: number,
): number {
	const { head } = skb;
	const hdr = skb.data;
	const th = hdr + offset;
	const dest = get_unaligned_be16(head, th + TCPHDR_dest);
	const net = skb.dev!.nd_net;

	const common = __inet6_lookup_established(
		net,
		tcp_hashinfo.of(skb.machine),
		head,
		hdr + IPV6HDR_daddr,
		dest,
		head,
		hdr + IPV6HDR_saddr,
		get_unaligned_be16(head, th + TCPHDR_source),
		skb.dev!.ifindex,
		inet6_sdif(skb),
	);
	if (common === null) {
		ICMP6_INC_STATS(net, __in6_dev_get(skb.dev!), ICMP6_MIB_INERRORS);
		return -ENOENT;
	}

	if (common.sk_state === TCP_TIME_WAIT) {
		inet_twsk_put(inet_twsk(common));
		return 0;
	}
	const seq = get_unaligned_be32(head, th + TCPHDR_seq);
	const conv = { err: 0 };
	const fatal = icmpv6_err_convert(type, code, conv) !== 0;
	const { err } = conv;
	if (common.sk_state === TCP_NEW_SYN_RECV) {
		tcp_req_err(common, seq, fatal);
		return 0;
	}

	const sk = common as sock;
	const tp = tcp_sk(sk);
	const np = tcp_inet6_sk(sk);

	if (sock_owned_by_user(sk) && type !== ICMPV6_PKT_TOOBIG)
		NET_INC_STATS(net, LINUX_MIB_LOCKDROPPEDICMPS);

	out: {
		if (sk.sk_state === TCP_CLOSE) break out;

		if (head[skb.network_header + IPV6HDR_hop_limit] < np.min_hopcount) {
			NET_INC_STATS(net, LINUX_MIB_TCPMINTTLDROP);
			break out;
		}

		if (sk.sk_state !== TCP_LISTEN && !between(seq, tp.snd_una, tp.snd_nxt)) {
			NET_INC_STATS(net, LINUX_MIB_OUTOFWINDOWICMPS);
			break out;
		}

		if (type === NDISC_REDIRECT) {
			if (!sock_owned_by_user(sk)) {
				const dst = __sk_dst_check(sk, np.dst_cookie);

				if (dst !== null) dst.ops.redirect?.(dst, sk, skb);
			}
			break out;
		}

		if (type === ICMPV6_PKT_TOOBIG) {
			if (sk.sk_state === TCP_LISTEN) break out;

			if (!ip6_sk_accept_pmtu(sk)) break out;

			tp.mtu_info = info;
			if (!sock_owned_by_user(sk)) {
				tcp_v6_mtu_reduced(sk);
			} else if ((sk.sk_tsq_flags & TCPF_MTU_REDUCED_DEFERRED) === 0) {
				sk.sk_tsq_flags |= TCPF_MTU_REDUCED_DEFERRED;
				sock_hold(sk);
			}
			break out;
		}

		switch (sk.sk_state) {
			case TCP_SYN_SENT:
			case TCP_SYN_RECV:
				ipv6_icmp_error(sk, skb, err, dest, info, th);

				if (!sock_owned_by_user(sk)) {
					sk.sk_err = err;
					sk.sk_error_report(sk);

					tcp_done(sk);
				} else {
					sk.sk_err_soft = err;
				}
				break out;
			case TCP_LISTEN:
				break;
			default:
				if (type === ICMPV6_DEST_UNREACH && code === ICMPV6_NOROUTE)
					tcp_ld_RTO_revert(sk, seq);
		}

		if (!sock_owned_by_user(sk) && np.recverr !== 0) {
			sk.sk_err = err;
			sk.sk_error_report(sk);
		} else {
			sk.sk_err_soft = err;
		}
	}
	sock_put(sk);
	return 0;
}

/**
 * Sends a SYN-ACK.
 * @param dst route, whose reference is used up; null: it is looked for
 * @param fl the request's flow, filled when a route is looked for
 * @returns 0 or a negative errno
 * @kernel net/ipv6/tcp_ipv6.c:500 (v5.10)
 */
function tcp_v6_send_synack(
	sk: sock,
	dst: dst_entry | null,
	fl: flowi | null,
	req: request_sock,
	synack_type: number,
	_syn_skb: sk_buff | null,
): number {
	const ireq = inet_rsk(req);
	const np = tcp_inet6_sk(sk);
	const fl6 = fl as flowi6;

	dst ??= inet6_csk_route_req(sk, fl6, req, IPPROTO_TCP);
	if (dst === null) return -ENOMEM;

	const skb = tcp_make_synack(sk, dst, req, synack_type);
	__tcp_v6_send_check(skb, ireq.ir_v6_loc_addr, 0, ireq.ir_v6_rmt_addr, 0);

	fl6.daddr.set(ireq.ir_v6_rmt_addr);
	if (np.repflow !== 0 && ireq.pktopts !== null)
		fl6.flowlabel = ip6_flowlabel(ireq.pktopts.head, ireq.pktopts.network_header);

	const tclass =
		sk.sk_net.ipv4.sysctl_tcp_reflect_tos !== 0
			? (tcp_rsk(req).syn_tos & ~INET_ECN_MASK) | (np.tclass & INET_ECN_MASK)
			: np.tclass;

	const err = ip6_xmit(
		sk,
		skb,
		fl6,
		sk.sk_mark,
		ireq.ipv6_opt ?? np.opt,
		tclass,
		sk.sk_priority,
	);
	return net_xmit_eval(err);
}

/**
 * Drops what a request holds.
 * @kernel net/ipv6/tcp_ipv6.c:554 (v5.10)
 */
function tcp_v6_reqsk_destructor(req: request_sock): void {
	const ireq = inet_rsk(req);

	ireq.ipv6_opt = null;
	kfree_skb(ireq.pktopts);
	ireq.pktopts = null;
}

/**
 * Fills the addresses of a request, and keeps the SYN when the listener reports of its headers.
 * @kernel net/ipv6/tcp_ipv6.c:805 (v5.10)
 */
function tcp_v6_init_req(req: request_sock, sk_listener: sock, skb: sk_buff): void {
	const cb = IP6CB(skb);
	const l3_slave = ipv6_l3mdev_skb(cb.flags);
	const ireq = inet_rsk(req);
	const np = tcp_inet6_sk(sk_listener);
	const iph = skb.network_header;

	ipv6_addr_copy(ireq.ir_v6_rmt_addr, skb.head, 0, iph + IPV6HDR_saddr);
	ipv6_addr_copy(ireq.ir_v6_loc_addr, skb.head, 0, iph + IPV6HDR_daddr);

	/* So that link-local addresses mean something. */
	if (
		(sk_listener.sk_bound_dev_if === 0 || l3_slave) &&
		(ipv6_addr_type(ireq.ir_v6_rmt_addr) & IPV6_ADDR_LINKLOCAL) !== 0
	)
		ireq.ir_iif = inet6_iif(skb);

	const { bits } = np.rxopt;
	if (
		TCP_SKB_CB(skb).tcp_tw_isn === 0 &&
		(ipv6_opt_accepted(sk_listener, skb, cb) ||
			bits.rxinfo !== 0 ||
			bits.rxoinfo !== 0 ||
			bits.rxhlim !== 0 ||
			bits.rxohlim !== 0 ||
			np.repflow !== 0)
	) {
		skb.users++;
		ireq.pktopts = skb;
	}
}

/**
 * Route for the SYN-ACK of a request, or null.
 * @kernel net/ipv6/tcp_ipv6.c:831 (v5.10)
 */
function tcp_v6_route_req(sk: sock, fl: flowi, req: request_sock): dst_entry | null {
	return inet6_csk_route_req(sk, fl as flowi6, req, IPPROTO_TCP);
}

/**
 * Makes a flow.
 * @kernel PORT: struct flowi on the stack
 */
function tcp_v6_new_flow(): flowi {
	return new flowi6();
}

/**
 * Makes a request.
 * @kernel PORT: obj_size of struct request_sock_ops
 */
function tcp6_reqsk_alloc(net: net, prot: proto): request_sock {
	return new tcp_request_sock(net, prot);
}

export const tcp6_request_sock_ops: request_sock_ops = {
	family: AF_INET6,
	alloc: tcp6_reqsk_alloc,
	rtx_syn_ack: tcp_rtx_synack,
	send_ack: tcp_v6_reqsk_send_ack,
	destructor: tcp_v6_reqsk_destructor,
	send_reset: tcp_v6_send_reset,
	syn_ack_timeout: tcp_syn_ack_timeout,
};

export const tcp_request_sock_ipv6_ops: tcp_request_sock_ops = {
	mss_clamp: MSS_CLAMP,
	init_req: tcp_v6_init_req,
	route_req: tcp_v6_route_req,
	new_flow: tcp_v6_new_flow,
	init_seq: tcp_v6_init_seq,
	init_ts_off: tcp_v6_init_ts_off,
	send_synack: tcp_v6_send_synack,
};

const response_flow = machine_var(() => new flowi6());

/**
 * Answers a segment outside of any full socket.
 * @param sk the socket that it was for, or null
 * @param win as in the header
 * @param tsecr 0: no timestamp option
 * @param oif device that the socket is bound to
 * @param rst a reset, else an ACK
 * @param label flow label, network order
 * @kernel net/ipv6/tcp_ipv6.c:865 (v5.10)
 */
function tcp_v6_send_response(
	sk: sock_common | null,
	skb: sk_buff,
	seq: number,
	ack: number,
	win: number,
	tsval: number,
	tsecr: number,
	oif: number,
	rst: boolean,
	tclass: number,
	label: number,
	priority: number,
): void {
	const m = skb.machine;
	const iph = skb.network_header;
	const th = skb.transport_header;
	const net = sk !== null ? sk.sk_net : skb._dst!.dev!.nd_net;
	const ctl_sk = net.ipv6.tcp_sk!;
	const tot_len = TCPHDR_LEN + (tsecr !== 0 ? TCPOLEN_TSTAMP_ALIGNED : 0);
	let mark = 0;

	const buff = alloc_skb(m, MAX_HEADER + IPV6HDR_LEN + tot_len);
	skb_reserve(buff, MAX_HEADER + IPV6HDR_LEN + tot_len);

	const t1 = skb_push(buff, tot_len);
	const { head } = buff;
	skb_reset_transport_header(buff);

	head.fill(0, t1, t1 + tot_len);
	const dport = get_unaligned_be16(skb.head, th + TCPHDR_source);
	const sport = get_unaligned_be16(skb.head, th + TCPHDR_dest);
	put_unaligned_be16(dport, head, t1 + TCPHDR_dest);
	put_unaligned_be16(sport, head, t1 + TCPHDR_source);
	head[t1 + TCPHDR_doff] = (tot_len / 4) << 4;
	put_unaligned_be32(seq, head, t1 + TCPHDR_seq);
	put_unaligned_be32(ack, head, t1 + TCPHDR_ack_seq);
	const th_ack = (skb.head[th + TCPHDR_flags] & TCPHDR_ACK) !== 0;
	head[t1 + TCPHDR_flags] = (!rst || !th_ack ? TCPHDR_ACK : 0) | (rst ? TCPHDR_RST : 0);
	put_unaligned_be16(win, head, t1 + TCPHDR_window);

	if (tsecr !== 0) {
		put_unaligned_be32(
			(TCPOPT_NOP << 24) |
				(TCPOPT_NOP << 16) |
				(TCPOPT_TIMESTAMP << 8) |
				TCPOLEN_TIMESTAMP,
			head,
			t1 + TCPHDR_LEN,
		);
		put_unaligned_be32(tsval, head, t1 + TCPHDR_LEN + 4);
		put_unaligned_be32(tsecr, head, t1 + TCPHDR_LEN + 8);
	}

	const fl6 = response_flow.of(m);
	fl6.clear();
	ipv6_addr_copy(fl6.daddr, skb.head, 0, iph + IPV6HDR_saddr);
	ipv6_addr_copy(fl6.saddr, skb.head, 0, iph + IPV6HDR_daddr);
	fl6.flowlabel = htonl(label);

	buff.ip_summed = CHECKSUM_PARTIAL;
	buff.csum = 0;

	__tcp_v6_send_check(buff, fl6.saddr, 0, fl6.daddr, 0);

	fl6.flowi6_proto = IPPROTO_TCP;
	if (rt6_need_strict(fl6.daddr) && oif === 0) {
		fl6.flowi6_oif = inet6_iif(skb);
	} else {
		if (oif === 0 && netif_index_is_l3_master(net, skb.skb_iif)) oif = skb.skb_iif;

		fl6.flowi6_oif = oif;
	}

	if (sk !== null) {
		if (sk.sk_state === TCP_TIME_WAIT) {
			const tw = inet_twsk(sk);

			mark = tw.tw_mark;
			/* Flow labels are made of the hash. */
			buff.hash = tw.tw_txhash;
			buff.l4_hash = true;
		} else if (sk_fullsock(sk)) {
			mark = sk.sk_mark;
		}
	}
	fl6.flowi6_mark = IP6_REPLY_MARK(net, skb.mark) || mark;
	fl6.fl6_dport = dport;
	fl6.fl6_sport = sport;
	fl6.flowi6_uid = 0;

	const dst = ip6_dst_lookup_flow(ctl_sk.sk_net, ctl_sk, fl6, null);
	if (!IS_ERR(dst)) {
		skb_dst_set(buff, dst);
		ip6_xmit(
			ctl_sk,
			buff,
			fl6,
			fl6.flowi6_mark,
			null,
			tclass & ~INET_ECN_MASK,
			priority,
		);
		TCP_INC_STATS(net, TCP_MIB_OUTSEGS);
		if (rst) TCP_INC_STATS(net, TCP_MIB_OUTRSTS);
		return;
	}

	kfree_skb(buff);
}

/**
 * Answers a segment with a reset.
 * @param sk the socket that it was for, or null
 * @kernel net/ipv6/tcp_ipv6.c:983 (v5.10)
 */
function tcp_v6_send_reset(sk: sock_common | null, skb: sk_buff): void {
	const { head } = skb;
	const iph = skb.network_header;
	const th = skb.transport_header;
	const flags = head[th + TCPHDR_flags];
	let seq = 0;
	let ack_seq = 0;
	let label = 0;
	let priority = 0;
	let oif = 0;

	if ((flags & TCPHDR_RST) !== 0) return;

	/* Without a socket only for packets that are really for us. */
	if (sk === null && !ipv6_unicast_destination(skb)) return;

	const net = sk !== null ? sk.sk_net : skb._dst!.dev!.nd_net;

	if ((flags & TCPHDR_ACK) !== 0) seq = get_unaligned_be32(head, th + TCPHDR_ack_seq);
	else
		ack_seq =
			(get_unaligned_be32(head, th + TCPHDR_seq) +
				((flags & TCPHDR_SYN) !== 0 ? 1 : 0) +
				((flags & TCPHDR_FIN) !== 0 ? 1 : 0) +
				skb.len -
				tcp_hdrlen(skb)) >>>
			0;

	if (sk !== null) {
		oif = sk.sk_bound_dev_if;
		if (sk_fullsock(sk)) {
			if (tcp_inet6_sk(sk).repflow !== 0) label = ip6_flowlabel(head, iph);
			priority = sk.sk_priority;
		}
		if (sk.sk_state === TCP_TIME_WAIT) {
			label = inet_twsk(sk).tw_flowlabel;
			priority = inet_twsk(sk).tw_priority;
		}
	} else if ((net.ipv6.sysctl.flowlabel_reflect & FLOWLABEL_REFLECT_TCP_RESET) !== 0) {
		label = ip6_flowlabel(head, iph);
	}

	tcp_v6_send_response(
		sk,
		skb,
		seq,
		ack_seq,
		0,
		0,
		0,
		oif,
		true,
		ipv6_get_dsfield(skb),
		label,
		priority,
	);
}

/**
 * Answers a segment with an ACK; parameters as of tcp_v6_send_response().
 * @kernel net/ipv6/tcp_ipv6.c:1090 (v5.10)
 */
function tcp_v6_send_ack(
	sk: sock_common,
	skb: sk_buff,
	seq: number,
	ack: number,
	win: number,
	tsval: number,
	tsecr: number,
	oif: number,
	tclass: number,
	label: number,
	priority: number,
): void {
	tcp_v6_send_response(
		sk,
		skb,
		seq,
		ack,
		win,
		tsval,
		tsecr,
		oif,
		false,
		tclass,
		label,
		priority,
	);
}

/**
 * Acknowledges a segment in TIME_WAIT, and drops the caller's reference.
 * @kernel net/ipv6/tcp_ipv6.c:1099 (v5.10)
 */
function tcp_v6_timewait_ack(tw: inet_timewait_sock, skb: sk_buff): void {
	const tcptw = tcp_twsk(tw);

	tcp_v6_send_ack(
		tw,
		skb,
		tcptw.tw_snd_nxt,
		tcptw.tw_rcv_nxt,
		tcptw.tw_rcv_wnd >>> tw.tw_rcv_wscale,
		(tcp_time_stamp_raw(tw.machine) + tcptw.tw_ts_offset) >>> 0,
		tcptw.tw_ts_recent,
		tw.sk_bound_dev_if,
		tw.tw_tos,
		tw.tw_flowlabel,
		tw.tw_priority,
	);

	inet_twsk_put(tw);
}

/**
 * Acknowledges a segment for a request.
 * @kernel net/ipv6/tcp_ipv6.c:1113 (v5.10)
 */
function tcp_v6_reqsk_send_ack(sk: sock, skb: sk_buff, req: request_sock): void {
	const trsk = tcp_rsk(req);

	tcp_v6_send_ack(
		sk,
		skb,
		sk.sk_state === TCP_LISTEN ? (trsk.snt_isn + 1) >>> 0 : tcp_sk(sk).snd_nxt,
		trsk.rcv_nxt,
		req.rsk_rcv_wnd >>> inet_rsk(req).rcv_wscale,
		(tcp_time_stamp_raw(sk.machine) + trsk.ts_off) >>> 0,
		req.ts_recent,
		sk.sk_bound_dev_if,
		ipv6_get_dsfield(skb),
		0,
		sk.sk_priority,
	);
}

/**
 * Takes a SYN; returns 0.
 * @kernel net/ipv6/tcp_ipv6.c:1165 (v5.10)
 */
function tcp_v6_conn_request(sk: sock, skb: sk_buff): number {
	if (skb.protocol === htons(ETH_P_IP)) return tcp_v4_conn_request(sk, skb);

	if (!ipv6_unicast_destination(skb)) {
		tcp_listendrop(sk);
		return 0;
	}

	return tcp_conn_request(tcp6_request_sock_ops, tcp_request_sock_ipv6_ops, sk, skb);
}

/**
 * Makes the socket of a finished handshake over IPv4, for a listener of AF_INET6.
 * @kernel PORT: the first half of tcp_v6_syn_recv_sock()
 */
function tcp_v6_mapped_syn_recv_sock(
	sk: sock,
	skb: sk_buff,
	req: request_sock,
	dst: dst_entry | null,
	req_unhash: request_sock | null,
	own_req: own_req_result,
): sock | null {
	const np = tcp_inet6_sk(sk);
	const newsk = tcp_v4_syn_recv_sock(sk, skb, req, dst, req_unhash, own_req);

	if (newsk === null) return null;

	const newnp = ipv6_pinfo_dup(np);
	inet_sk(newsk).pinet6 = newnp;
	newnp.saddr.set(newsk.sk_v6_rcv_saddr);

	inet_csk(newsk).icsk_af_ops = ipv6_mapped;
	newsk.sk_backlog_rcv = tcp_v4_do_rcv;

	newnp.mcast_oif = inet_iif(skb);
	newnp.mcast_hops = skb.head[skb.network_header + IPHDR_ttl];
	newnp.rcv_flowinfo = htonl(0);
	if (np.repflow !== 0) newnp.flow_label = htonl(0);

	/* Until now the segment size was worked out for IPv6. */
	tcp_sync_mss(newsk, inet_csk(newsk).icsk_pmtu_cookie);

	return newsk;
}

/**
 * Makes the socket of a finished handshake.
 * @param dst route for it, with a reference, or null
 * @param req_unhash the request that leaves the table for it
 * @param own_req gets whether it was put into the table
 * @returns the socket, or null
 * @kernel net/ipv6/tcp_ipv6.c:1191 (v5.10)
 */
function tcp_v6_syn_recv_sock(
	sk: sock,
	skb: sk_buff,
	req: request_sock,
	dst: dst_entry | null,
	req_unhash: request_sock | null,
	own_req: own_req_result,
): sock | null {
	if (skb.protocol === htons(ETH_P_IP))
		return tcp_v6_mapped_syn_recv_sock(sk, skb, req, dst, req_unhash, own_req);

	const np = tcp_inet6_sk(sk);
	const ireq = inet_rsk(req);

	if (sk_acceptq_is_full(sk)) {
		NET_INC_STATS(sk.sk_net, LINUX_MIB_LISTENOVERFLOWS);
		dst_release(dst);
		tcp_listendrop(sk);
		return null;
	}

	dst ??= inet6_csk_route_req(sk, new flowi6(), req, IPPROTO_TCP);
	if (dst === null) {
		tcp_listendrop(sk);
		return null;
	}

	const newsk = tcp_create_openreq_child(sk, req, skb);
	if (newsk === null) {
		dst_release(dst);
		tcp_listendrop(sk);
		return null;
	}

	const newtp = tcp_sk(newsk);
	const newnp = ipv6_pinfo_dup(np);
	const iph = skb.network_header;

	newsk.sk_gso_type = SKB_GSO_TCPV6;
	newtp.pinet6 = newnp;
	ip6_dst_store(newsk, dst, null, null);
	inet6_sk_rx_dst_set(newsk, skb);

	newsk.sk_v6_daddr.set(ireq.ir_v6_rmt_addr);
	newnp.saddr.set(ireq.ir_v6_loc_addr);
	newsk.sk_v6_rcv_saddr.set(ireq.ir_v6_loc_addr);
	newsk.sk_bound_dev_if = ireq.ir_iif;

	newtp.inet_opt = null;
	newnp.mcast_oif = inet6_iif(skb);
	newnp.mcast_hops = skb.head[iph + IPV6HDR_hop_limit];
	newnp.rcv_flowinfo = ip6_flowinfo(skb.head, iph);
	if (np.repflow !== 0) newnp.flow_label = ip6_flowlabel(skb.head, iph);

	/* Its ECT bits follow in tcp_init_transfer(). */
	if (sk.sk_net.ipv4.sysctl_tcp_reflect_tos !== 0)
		newnp.tclass = tcp_rsk(req).syn_tos & ~INET_ECN_MASK;

	/* PORT: options are never changed in place, so that they can be shared. */
	newnp.opt = ireq.ipv6_opt ?? np.opt;
	newtp.icsk_ext_hdr_len = newnp.opt !== null ? newnp.opt.opt_nflen + newnp.opt.opt_flen : 0;

	tcp_ca_openreq_child(newsk, dst);

	tcp_sync_mss(newsk, dst_mtu(dst));
	newtp.advmss = tcp_mss_clamp(tcp_sk(sk), dst_metric_advmss(dst));

	tcp_initialize_rcv_mss(newsk);

	newtp.inet_saddr = htonl(LOOPBACK4_IPV6);
	newtp.inet_daddr = htonl(LOOPBACK4_IPV6);
	newtp.inet_rcv_saddr = htonl(LOOPBACK4_IPV6);

	if (__inet_inherit_port(sk, newsk) < 0) {
		inet_csk_prepare_forced_close(newsk);
		tcp_done(newsk);
		tcp_listendrop(sk);
		return null;
	}
	own_req.own_req = inet_ehash_nolisten(newsk, req_unhash, null);
	if (own_req.own_req && ireq.pktopts !== null) {
		newnp.pktoptions = skb_clone(ireq.pktopts);
		kfree_skb(ireq.pktopts);
		ireq.pktopts = null;
		skb_set_owner_r(newnp.pktoptions, newsk);
	}

	return newsk;
}

/**
 * Keeps the headers of the last segment for the program, if it wants to hear of them.
 * @param opt_skb clone of the segment, which is used up
 * @kernel PORT: the part of tcp_v6_do_rcv() behind ipv6_pktoptions
 */
function tcp_v6_pktoptions(sk: sock, opt_skb: sk_buff): void {
	const np = tcp_inet6_sk(sk);
	const { bits } = np.rxopt;
	const iph = opt_skb.network_header;
	let old: sk_buff | null = opt_skb;

	if (
		TCP_SKB_CB(opt_skb).end_seq === tcp_sk(sk).rcv_nxt &&
		((1 << sk.sk_state) & (TCPF_CLOSE | TCPF_LISTEN)) === 0
	) {
		if (bits.rxinfo !== 0 || bits.rxoinfo !== 0) np.mcast_oif = inet6_iif(opt_skb);
		if (bits.rxhlim !== 0 || bits.rxohlim !== 0)
			np.mcast_hops = opt_skb.head[iph + IPV6HDR_hop_limit];
		if (bits.rxflow !== 0 || bits.rxtclass !== 0)
			np.rcv_flowinfo = ip6_flowinfo(opt_skb.head, iph);
		if (np.repflow !== 0) np.flow_label = ip6_flowlabel(opt_skb.head, iph);
		old = np.pktoptions;
		if (ipv6_opt_accepted(sk, opt_skb, IP6CB(opt_skb))) {
			skb_set_owner_r(opt_skb, sk);
			np.pktoptions = opt_skb;
		} else {
			__kfree_skb(opt_skb);
			np.pktoptions = null;
		}
	}

	kfree_skb(old);
}

/**
 * Receives a segment for a socket that nobody owns, or from its backlog.
 * @returns 0
 * @kernel net/ipv6/tcp_ipv6.c:1426 (v5.10)
 */
function tcp_v6_do_rcv(sk: sock, skb: sk_buff): number {
	/* The backlog of a socket may hold segments of both families. */
	if (skb.protocol === htons(ETH_P_IP)) return tcp_v4_do_rcv(sk, skb);

	const np = tcp_inet6_sk(sk);
	const opt_skb = rxopt_any(np) ? skb_clone(skb) : null;

	discard: {
		if (sk.sk_state === TCP_ESTABLISHED) {
			const dst = sk.sk_rx_dst;

			if (
				dst !== null &&
				(inet_sk(sk).rx_dst_ifindex !== skb.skb_iif ||
					dst.ops.check(dst, np.rx_dst_cookie) === null)
			) {
				dst_release(dst);
				sk.sk_rx_dst = null;
			}

			tcp_rcv_established(sk, skb);
			if (opt_skb !== null) tcp_v6_pktoptions(sk, opt_skb);
			return 0;
		}

		if (tcp_checksum_complete(skb)) {
			TCP_INC_STATS(sk.sk_net, TCP_MIB_CSUMERRORS);
			TCP_INC_STATS(sk.sk_net, TCP_MIB_INERRS);
			break discard;
		}

		if (tcp_rcv_state_process(sk, skb) !== 0) {
			tcp_v6_send_reset(sk, skb);
			break discard;
		}
		if (opt_skb !== null) tcp_v6_pktoptions(sk, opt_skb);
		return 0;
	}
	if (opt_skb !== null) __kfree_skb(opt_skb);
	kfree_skb(skb);
	return 0;
}

/**
 * Notes numbers and flags of a segment.
 * @kernel net/ipv6/tcp_ipv6.c:1554 (v5.10)
 */
function tcp_v6_fill_cb(skb: sk_buff): void {
	const cb = TCP_SKB_CB(skb);
	const { head } = skb;
	const th = skb.transport_header;
	const flags = head[th + TCPHDR_flags];

	cb.seq = get_unaligned_be32(head, th + TCPHDR_seq);
	cb.end_seq =
		(cb.seq +
			((flags & TCPHDR_SYN) >> 1) +
			(flags & TCPHDR_FIN) +
			skb.len -
			tcp_hdrlen(skb)) >>>
		0;
	cb.ack_seq = get_unaligned_be32(head, th + TCPHDR_ack_seq);
	cb.tcp_flags = flags;
	cb.tcp_tw_isn = 0;
	cb.ip_dsfield = ipv6_get_dsfield(skb);
	cb.sacked = 0;
	cb.has_rxtstamp = skb.tstamp !== 0;
}

/**
 * Finds the socket of a segment; a listener without a reference, any other with one.
 * @kernel PORT: inline of include/net/inet6_hashtables.h:73, include/ does not import net/
 */
function __inet6_lookup_skb(skb: sk_buff, iif: number, sdif: number): sock_common | null {
	const { head } = skb;
	const iph = skb.network_header;
	const th = skb.transport_header;

	return __inet6_lookup(
		skb._dst!.dev!.nd_net,
		tcp_hashinfo.of(skb.machine),
		head,
		iph + IPV6HDR_saddr,
		get_unaligned_be16(head, th + TCPHDR_source),
		head,
		iph + IPV6HDR_daddr,
		get_unaligned_be16(head, th + TCPHDR_dest),
		iif,
		sdif,
	);
}

const steal_scratch = machine_var(() => ({ val: false }));
const check_scratch = machine_var((): check_req_result => ({ own_req: false, req_stolen: false }));

/**
 * Receives a segment; data is at the TCP header.
 * @returns 0
 * @kernel net/ipv6/tcp_ipv6.c:1578 (v5.10)
 */
function tcp_v6_rcv(skb: sk_buff): number {
	const m = skb.machine;
	const net = skb.dev!.nd_net;
	const sdif = inet6_sdif(skb);

	discard_it: {
		if (skb.pkt_type !== PACKET_HOST) break discard_it;

		TCP_INC_STATS(net, TCP_MIB_INSEGS);

		if (!pskb_may_pull(skb, TCPHDR_LEN)) break discard_it;

		const doff = skb.head[skb.data + TCPHDR_doff] >> 4;

		if (doff < TCPHDR_LEN / 4) {
			TCP_INC_STATS(net, TCP_MIB_INERRS);
			break discard_it;
		}
		if (!pskb_may_pull(skb, doff * 4)) break discard_it;

		if (
			__skb_checksum_validate(
				skb,
				IPPROTO_TCP,
				false,
				false,
				0,
				ip6_compute_pseudo,
			) !== 0
		) {
			TCP_INC_STATS(net, TCP_MIB_CSUMERRORS);
			TCP_INC_STATS(net, TCP_MIB_INERRS);
			break discard_it;
		}

		let common: sock_common | null;
		let sk: sock;
		let refcounted: boolean;

		for (;;) {
			common = skb_steal_sock(skb, steal_scratch.of(m));
			common ??= __inet6_lookup_skb(skb, inet6_iif(skb), sdif);

			if (common === null) {
				if (!xfrm6_policy_check(null, XFRM_POLICY_IN, skb))
					break discard_it;

				tcp_v6_fill_cb(skb);

				if (tcp_checksum_complete(skb)) {
					TCP_INC_STATS(net, TCP_MIB_CSUMERRORS);
					TCP_INC_STATS(net, TCP_MIB_INERRS);
				} else {
					tcp_v6_send_reset(null, skb);
				}
				break discard_it;
			}

			if (common.sk_state === TCP_TIME_WAIT) {
				const sk2 = tcp_v6_time_wait_rcv(inet_twsk(common), skb, sdif);
				if (sk2 === null) break discard_it;
				sk = sk2;
				refcounted = false;
			} else if (common.sk_state === TCP_NEW_SYN_RECV) {
				const req = inet_reqsk(common);

				sk = req.rsk_listener!;
				if (tcp_checksum_complete(skb)) {
					reqsk_put(req);
					TCP_INC_STATS(net, TCP_MIB_CSUMERRORS);
					TCP_INC_STATS(net, TCP_MIB_INERRS);
					break discard_it;
				}
				if (sk.sk_state !== TCP_LISTEN) {
					inet_csk_reqsk_queue_drop_and_put(sk, req);
					continue;
				}
				sock_hold(sk);
				refcounted = true;
				tcp_v6_fill_cb(skb);
				const res = check_scratch.of(m);
				const nsk = tcp_check_req(sk, skb, req, res);
				if (nsk === null) {
					reqsk_put(req);
					if (res.req_stolen) {
						sock_put(sk);
						continue;
					}
					sk_drops_add(sk, skb);
					sock_put(sk);
					break discard_it;
				}
				if (nsk === sk) {
					reqsk_put(req);
				} else if (tcp_child_process(sk, nsk, skb) !== 0) {
					tcp_v6_send_reset(nsk, skb);
					sk_drops_add(sk, skb);
					sock_put(sk);
					break discard_it;
				} else {
					sock_put(sk);
					return 0;
				}
			} else {
				sk = common as sock;
				refcounted = sk_is_refcounted(common);
			}
			break;
		}

		discard_and_relse: {
			if (
				skb.head[skb.network_header + IPV6HDR_hop_limit] <
				tcp_inet6_sk(sk).min_hopcount
			) {
				NET_INC_STATS(net, LINUX_MIB_TCPMINTTLDROP);
				break discard_and_relse;
			}

			if (!xfrm6_policy_check(sk, XFRM_POLICY_IN, skb)) break discard_and_relse;

			tcp_v6_fill_cb(skb);

			skb.dev = null;

			if (sk.sk_state === TCP_LISTEN) {
				tcp_v6_do_rcv(sk, skb);
			} else {
				tcp_segs_in(tcp_sk(sk), skb);
				if (!sock_owned_by_user(sk)) tcp_v6_do_rcv(sk, skb);
				else if (tcp_add_backlog(sk, skb)) break discard_and_relse;
			}
			if (refcounted) sock_put(sk);
			return 0;
		}
		sk_drops_add(sk, skb);
		if (refcounted) sock_put(sk);
	}
	kfree_skb(skb);
	return 0;
}

/**
 * Receives a segment for a socket in TIME_WAIT, and drops the reference on it.
 * @returns a listener, without a reference, that is to get the segment; null when it is to be freed
 * @kernel PORT: the part of tcp_v6_rcv() behind do_time_wait
 */
function tcp_v6_time_wait_rcv(tw: inet_timewait_sock, skb: sk_buff, sdif: number): sock | null {
	const net = skb.dev!.nd_net;

	if (!xfrm6_policy_check(null, XFRM_POLICY_IN, skb)) {
		inet_twsk_put(tw);
		return null;
	}

	tcp_v6_fill_cb(skb);

	if (tcp_checksum_complete(skb)) {
		inet_twsk_put(tw);
		TCP_INC_STATS(net, TCP_MIB_CSUMERRORS);
		TCP_INC_STATS(net, TCP_MIB_INERRS);
		return null;
	}

	switch (tcp_timewait_state_process(tw, skb)) {
		case TCP_TW_SYN: {
			const { head } = skb;
			const iph = skb.network_header;
			const th = skb.transport_header;
			const sk2 = inet6_lookup_listener(
				net,
				tcp_hashinfo.of(skb.machine),
				head,
				iph + IPV6HDR_saddr,
				get_unaligned_be16(head, th + TCPHDR_source),
				head,
				iph + IPV6HDR_daddr,
				get_unaligned_be16(head, th + TCPHDR_dest),
				IP6CB(skb).iif,
				sdif,
			);
			if (sk2 !== null) {
				inet_twsk_deschedule_put(tw);
				return sk2;
			}
			tcp_v6_timewait_ack(tw, skb);
			break;
		}
		case TCP_TW_ACK:
			tcp_v6_timewait_ack(tw, skb);
			break;
		case TCP_TW_RST:
			tcp_v6_send_reset(tw, skb);
			inet_twsk_deschedule_put(tw);
			break;
		case TCP_TW_SUCCESS:
			break;
	}
	return null;
}

/**
 * Finds the connection of a packet before it is routed, to spare that.
 * @kernel net/ipv6/tcp_ipv6.c:1798 (v5.10)
 */
function tcp_v6_early_demux(skb: sk_buff): void {
	if (skb.pkt_type !== PACKET_HOST) return;

	if (!pskb_may_pull(skb, skb_transport_offset(skb) + TCPHDR_LEN)) return;

	const { head } = skb;
	const iph = skb.network_header;
	const th = skb.transport_header;

	if (head[th + TCPHDR_doff] >> 4 < TCPHDR_LEN / 4) return;

	const sk = __inet6_lookup_established(
		skb.dev!.nd_net,
		tcp_hashinfo.of(skb.machine),
		head,
		iph + IPV6HDR_saddr,
		get_unaligned_be16(head, th + TCPHDR_source),
		head,
		iph + IPV6HDR_daddr,
		get_unaligned_be16(head, th + TCPHDR_dest),
		inet6_iif(skb),
		inet6_sdif(skb),
	);
	if (sk !== null) {
		skb.sk = sk as sock;
		skb.destructor = sock_edemux;
		if (sk_fullsock(sk)) {
			let dst = sk.sk_rx_dst;

			if (dst !== null) dst = dst_check(dst, tcp_inet6_sk(sk).rx_dst_cookie);
			if (dst !== null && inet_sk(sk).rx_dst_ifindex === skb.skb_iif)
				skb_dst_set_noref(skb, dst);
		}
	}
}

/**
 * Makes a TIME_WAIT socket.
 * @kernel PORT: twsk_obj_size of struct timewait_sock_ops
 */
function tcp6_twsk_alloc(net: net, prot: proto): inet_timewait_sock {
	return new tcp_timewait_sock(net, prot);
}

const tcp6_timewait_sock_ops: timewait_sock_ops = {
	twsk_alloc: tcp6_twsk_alloc,
	twsk_unique: tcp_twsk_unique,
	twsk_destructor: tcp_twsk_destructor,
};

/**
 * Prepares the checksum of a connection's segment.
 * @kernel net/ipv6/tcp_ipv6.c:1842 (v5.10)
 */
function tcp_v6_send_check(sk: sock, skb: sk_buff): void {
	__tcp_v6_send_check(skb, inet6_sk(sk)!.saddr, 0, sk.sk_v6_daddr, 0);
}

export const ipv6_specific: inet_connection_sock_af_ops = {
	queue_xmit: inet6_csk_xmit,
	send_check: tcp_v6_send_check,
	rebuild_header: inet6_sk_rebuild_header,
	sk_rx_dst_set: inet6_sk_rx_dst_set,
	conn_request: tcp_v6_conn_request,
	syn_recv_sock: tcp_v6_syn_recv_sock,
	net_header_len: IPV6HDR_LEN,
	net_frag_header_len: FRAG_HDR_LEN,
	setsockopt: ipv6_setsockopt,
	getsockopt: ipv6_getsockopt,
	mtu_reduced: tcp_v6_mtu_reduced,
};

/* A connection over IPv4 of a socket of AF_INET6. */
const ipv6_mapped: inet_connection_sock_af_ops = {
	queue_xmit: tcp_v4_queue_xmit,
	send_check: tcp_v4_send_check,
	rebuild_header: inet_sk_rebuild_header,
	sk_rx_dst_set: inet_sk_rx_dst_set,
	conn_request: tcp_v6_conn_request,
	syn_recv_sock: tcp_v6_syn_recv_sock,
	net_header_len: IPHDR_LEN,
	net_frag_header_len: 0,
	setsockopt: ipv6_setsockopt,
	getsockopt: ipv6_getsockopt,
	mtu_reduced: tcp_v4_mtu_reduced,
};

/**
 * Sets a new socket up; returns 0.
 * @kernel net/ipv6/tcp_ipv6.c:1902 (v5.10)
 */
function tcp_v6_init_sock(sk: sock): number {
	tcp_init_sock(sk);

	inet_csk(sk).icsk_af_ops = ipv6_specific;

	return 0;
}

/**
 * Drops what a socket holds that is closed.
 * @kernel net/ipv6/tcp_ipv6.c:1917 (v5.10)
 */
function tcp_v6_destroy_sock(sk: sock): void {
	tcp_v4_destroy_sock(sk);
	inet6_destroy_sock(sk);
}

/**
 * An IPv6 address as the little-endian machine prints its words.
 * @kernel PORT: %08X%08X%08X%08X of s6_addr32
 */
function seq_in6(a: Uint8Array): string {
	let s = '';

	for (let i = 0; i < 16; i += 4)
		s += seq_hex((a[i + 3] << 24) | (a[i + 2] << 16) | (a[i + 1] << 8) | a[i], 8);
	return s;
}

/**
 * Text of /proc/net/tcp6.
 * @kernel net/ipv6/tcp_ipv6.c:2054 (v5.10)
 */
function tcp6_seq_show(net: net): string {
	let out =
		'  sl  ' +
		'local_address                         ' +
		'remote_address                        ' +
		'st tx_queue rx_queue tr tm->when retrnsmt' +
		'   uid  timeout inode\n';

	tcp_seq_sockets(net, AF_INET6).forEach((sk, i) => {
		out +=
			`${String(i).padStart(4)}: ` +
			`${seq_in6(sk.sk_v6_rcv_saddr)}:${seq_hex(tcp_seq_sport(sk), 4)} ` +
			`${seq_in6(sk.sk_v6_daddr)}:${seq_hex(sk.sk_dport, 4)} ${tcp_seq_state(sk)}\n`;
	});
	return out;
}

/**
 * Makes /proc/net/tcp6; returns 0.
 * @kernel net/ipv6/tcp_ipv6.c:2091 (v5.10)
 */
export function tcp6_proc_init(net: net): number {
	proc_create_net(net, 'tcp6', () => tcp6_seq_show(net));
	return 0;
}

/**
 * Removes /proc/net/tcp6.
 * @kernel net/ipv6/tcp_ipv6.c:2099 (v5.10)
 */
export function tcp6_proc_exit(net: net): void {
	remove_proc_entry(net, 'tcp6');
}

/**
 * Makes a socket.
 * @kernel PORT: obj_size of struct proto
 */
function tcp_v6_alloc(net: net): sock {
	return new tcp_sock(net, tcpv6_prot);
}

export const tcpv6_prot: proto = {
	name: 'TCPv6',
	close: tcp_close,
	connect: tcp_v6_connect,
	disconnect: tcp_disconnect,
	accept: inet_csk_accept,
	init: tcp_v6_init_sock,
	destroy: tcp_v6_destroy_sock,
	shutdown: tcp_shutdown,
	setsockopt: tcp_setsockopt,
	getsockopt: tcp_getsockopt,
	keepalive: tcp_set_keepalive,
	recvmsg: tcp_recvmsg,
	sendmsg: tcp_sendmsg,
	sendpage: tcp_sendpage,
	backlog_rcv: tcp_v6_do_rcv,
	release_cb: tcp_release_cb,
	hash: inet6_hash,
	unhash: inet_unhash,
	get_port: inet_csk_get_port,
	enter_memory_pressure: tcp_enter_memory_pressure,
	leave_memory_pressure: tcp_leave_memory_pressure,
	stream_memory_free: tcp_stream_memory_free,
	sockets_allocated: tcp_sockets_allocated,
	memory_allocated: tcp_memory_allocated,
	memory_pressure: tcp_memory_pressure,
	orphan_count: tcp_orphan_count,
	sysctl_mem: sysctl_tcp_mem,
	sysctl_wmem: tcp_wmem_min,
	sysctl_rmem: tcp_rmem_min,
	max_header: MAX_TCP_HEADER,
	no_autobind: true,
	alloc: tcp_v6_alloc,
	twsk_prot: tcp6_timewait_sock_ops,
	rsk_prot: tcp6_request_sock_ops,
	hashinfo: tcp_hashinfo,
	diag_destroy: tcp_abort,
};

const tcpv6_protocol: inet6_protocol = {
	early_demux: tcp_v6_early_demux,
	early_demux_handler: tcp_v6_early_demux,
	handler: tcp_v6_rcv,
	err_handler: tcp_v6_err,
	flags: INET6_PROTO_NOPOLICY | INET6_PROTO_FINAL,
};

/**
 * Starts TCP over IPv6 in a namespace; returns 0 or a negative errno.
 * @kernel net/ipv6/tcp_ipv6.c:2169 (v5.10)
 */
function tcpv6_net_init(net: net): number {
	const sk = inet_ctl_sock_create(PF_INET6, SOCK_RAW, IPPROTO_TCP, net);

	if (IS_ERR(sk)) return sk;
	net.ipv6.tcp_sk = sk;
	return tcp6_proc_init(net);
}

/**
 * Ends TCP over IPv6 in a namespace.
 * @kernel net/ipv6/tcp_ipv6.c:2175 (v5.10)
 */
function tcpv6_net_exit(net: net): void {
	tcp6_proc_exit(net);
	inet_ctl_sock_destroy(net.ipv6.tcp_sk);
	net.ipv6.tcp_sk = null;
	inet_twsk_purge(tcp_hashinfo.of(net.machine), AF_INET6, net);
}

const tcpv6_net_ops: pernet_operations = {
	init: tcpv6_net_init,
	exit: tcpv6_net_exit,
};

/**
 * Starts TCP over IPv6 on a machine, once raw sockets of AF_INET6 can be made.
 * @returns 0, -1 when the protocol is taken, or a negative errno
 * @kernel PORT: net/ipv6/tcp_ipv6.c:2209; net/ipv6/af_inet6.ts registers the (type, protocol) pair
 */
export function tcpv6_init(m: Machine): number {
	const ret = inet6_add_protocol(m, tcpv6_protocol, IPPROTO_TCP);

	return ret !== 0 ? ret : register_pernet_subsys(m, tcpv6_net_ops);
}
