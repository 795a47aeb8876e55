// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/tcp_ipv4.c, base v5.10: TCP over IPv4.
 *
 * PORT: tcp_hashinfo is in net/ipv4/tcp_lib.ts. The IP options of a packet stay in its inet_skb_parm, so
 * nothing is moved to and fro (tcp_v4_restore_cb). A namespace has one control socket. /proc/net/tcp is a
 * walk over both tables; there is no cursor.
 * Not ported: MD5, SYN cookies, fast open, BPF, socket filters.
 */
import {
	dst_check,
	type dst_entry,
	dst_metric_advmss,
	dst_mtu,
	dst_release,
	skb_dst_set_noref,
} from '../../include/net/dst.ts';
import { INET_ECN_MASK } from '../../include/net/inet_ecn.ts';
import {
	ICSK_TIME_LOSS_PROBE,
	ICSK_TIME_PROBE0,
	ICSK_TIME_REO_TIMEOUT,
	ICSK_TIME_RETRANS,
	type inet_connection_sock_af_ops,
	inet_csk,
	inet_csk_in_pingpong_mode,
	inet_csk_rto_backoff,
} from '../../include/net/inet_connection_sock.ts';
import { type inet_timewait_sock, inet_twsk } from '../../include/net/inet_timewait_sock.ts';
import { sk_daddr_set, sk_rcv_saddr_set } from '../../include/net/inet_hashtables.ts';
import { inet_sk, ip_options_rcu } from '../../include/net/inet_sock.ts';
import {
	inet_reqsk,
	inet_rsk,
	type own_req_result,
	type request_sock,
	type request_sock_ops,
} from '../../include/net/request_sock.ts';
import type { timewait_sock_ops } from '../../include/net/timewait_sock.ts';
import {
	LOOPBACK_IFINDEX,
	type net,
	type pernet_operations,
} from '../../include/net/net_namespace.ts';
import { type flowi, flowi4 } from '../../include/net/flow.ts';
import { type rtable, RTCF_BROADCAST, RTCF_MULTICAST } from '../../include/net/route.ts';
import {
	inet_compute_pseudo,
	inet_sdif,
	ip_dont_fragment,
	ip_reply_arg,
	IP_REPLY_ARG_NOSRCCHECK,
	ip_sk_accept_pmtu,
	IPCB,
	RT_CONN_FLAGS,
} from '../../include/net/ip.ts';
import type { tcp_request_sock_ops as tcp_request_sock_af_ops } from '../../include/net/tcp.ts';
import { csum_tcpudp_magic, csum_tcpudp_nofold } from '../../include/net/checksum.ts';
import {
	ICMP_INC_STATS,
	IP_INC_STATS,
	NET_INC_STATS,
	TCP_INC_STATS,
} from '../../include/net/snmp.ts';
import {
	type proto,
	sk_acceptq_is_full,
	sk_drops_add,
	sk_fullsock,
	SOCK_DEAD,
	sock_flag,
	sk_is_refcounted,
	sk_set_txhash,
	sk_sockets_allocated_dec,
	type sock,
	type sock_common,
	sock_hold,
	sock_owned_by_user,
	sock_set_flag,
	SOCK_USE_WRITE_QUEUE,
} from '../../include/net/sock.ts';
import {
	__tcp_set_rto,
	before,
	between,
	ktime_get_seconds,
	MAX_TCP_HEADER,
	tcp_in_initial_slowstart,
	tcp_listendrop,
	TCP_RTO_MAX,
	tcp_rtx_queue_head,
	tcp_segs_in,
	TCP_SKB_CB,
	tcp_skb_timestamp_us,
	tcp_stream_memory_free,
	tcp_time_stamp_raw,
	TCP_TIMEOUT_INIT,
	TCP_TW_ACK,
	TCP_TW_RST,
	TCP_TW_SUCCESS,
	TCP_TW_SYN,
	TCPOLEN_TIMESTAMP,
	TCPOLEN_TSTAMP_ALIGNED,
	TCPOPT_NOP,
	TCPOPT_TIMESTAMP,
	usecs_to_jiffies,
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
import { ip_daddr, ip_saddr } from '../../include/linux/ip.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { HZ, type Machine, machine_var, prandom_u32 } from '../../include/linux/machine.ts';
import { NET_XMIT_CN } from '../../include/linux/netdevice.ts';
import { proc_create_net, remove_proc_entry } from '../../include/linux/proc_fs.ts';
import {
	PACKET_HOST,
	type sk_buff,
	SKB_GSO_TCPV4,
	skb_shinfo,
	skb_transport_offset,
} from '../../include/linux/skbuff.ts';
import {
	AF_INET,
	AF_INET6,
	AF_UNSPEC,
	PF_INET,
	SOCK_RAW,
	type sockaddr,
} from '../../include/linux/socket.ts';
import type { __be32 } from '../../include/linux/types.ts';
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
import { timer_pending } from '../../include/linux/timer.ts';
import {
	EAFNOSUPPORT,
	EHOSTUNREACH,
	EINVAL,
	EMSGSIZE,
	ENETUNREACH,
	ENOENT,
	EPROTO,
} from '../../include/uapi/linux/errno.ts';
import {
	ICMP_DEST_UNREACH,
	ICMP_FRAG_NEEDED,
	ICMP_HOST_UNREACH,
	ICMP_NET_UNREACH,
	ICMP_PARAMETERPROB,
	ICMP_REDIRECT,
	ICMP_TIME_EXCEEDED,
	ICMPHDR_code,
	ICMPHDR_type,
	NR_ICMP_UNREACH,
} from '../../include/uapi/linux/icmp.ts';
import { IP_PMTUDISC_DO, IP_PMTUDISC_DONT, IPPROTO_TCP } from '../../include/uapi/linux/in.ts';
import {
	IPHDR_daddr,
	IPHDR_LEN,
	IPHDR_saddr,
	IPHDR_tos,
	IPHDR_ttl,
} from '../../include/uapi/linux/ip.ts';
import {
	ICMP_MIB_INERRORS,
	IPSTATS_MIB_OUTNOROUTES,
	LINUX_MIB_LISTENOVERFLOWS,
	LINUX_MIB_LOCKDROPPEDICMPS,
	LINUX_MIB_OUTOFWINDOWICMPS,
	LINUX_MIB_TCPBACKLOGCOALESCE,
	LINUX_MIB_TCPBACKLOGDROP,
	LINUX_MIB_TCPMINTTLDROP,
	TCP_MIB_CSUMERRORS,
	TCP_MIB_INERRS,
	TCP_MIB_INSEGS,
	TCP_MIB_OUTRSTS,
	TCP_MIB_OUTSEGS,
} from '../../include/uapi/linux/snmp.ts';
import {
	TCP_MSS_DEFAULT,
	TCPHDR_ACK,
	TCPHDR_ack_seq,
	TCPHDR_check,
	TCPHDR_CWR,
	TCPHDR_dest,
	TCPHDR_doff,
	TCPHDR_ECE,
	TCPHDR_FIN,
	TCPHDR_flags,
	TCPHDR_LEN,
	TCPHDR_RST,
	TCPHDR_seq,
	TCPHDR_source,
	TCPHDR_SYN,
	TCPHDR_URG,
	TCPHDR_window,
} from '../../include/uapi/linux/tcp.ts';
import { __skb_checksum_validate } from '../core/datagram.ts';
import { dst_hold_safe } from '../core/dst.ts';
import { reqsk_put } from '../core/request_sock.ts';
import { secure_tcp_seq, secure_tcp_ts_off } from '../core/secure_seq.ts';
import {
	__skb_pull,
	__skb_push,
	__skb_queue_purge,
	kfree_skb,
	kfree_skb_partial,
	nf_reset_ct,
	pskb_may_pull,
	skb_dst_drop,
	skb_try_coalesce,
} from '../core/skbuff.ts';
import {
	__sk_dst_check,
	sk_add_backlog,
	sk_setup_caps,
	skb_steal_sock,
	sock_edemux,
	sock_put,
} from '../core/sock.ts';
import {
	inet_ctl_sock_create,
	inet_ctl_sock_destroy,
	inet_sk_rebuild_header,
} from './inet_common.ts';
import {
	__inet_inherit_port,
	__inet_lookup,
	__inet_lookup_established,
	__inet_lookup_listener,
	inet_ehash_nolisten,
	inet_hash,
	inet_hash_connect,
	inet_put_port,
	inet_unhash,
} from './inet_hashtables.ts';
import { inet_twsk_deschedule_put, inet_twsk_purge, inet_twsk_put } from './inet_timewait_sock.ts';
import {
	inet_csk_accept,
	inet_csk_get_port,
	inet_csk_prepare_forced_close,
	inet_csk_reqsk_queue_drop,
	inet_csk_reqsk_queue_drop_and_put,
	inet_csk_reset_xmit_timer,
	inet_csk_route_child_sock,
	inet_csk_route_req,
	inet_csk_update_pmtu,
} from './inet_connection_sock.ts';
import { ip_build_and_send_pkt, ip_queue_xmit, ip_send_unicast_reply } from './ip_output.ts';
import { ip_getsockopt, ip_icmp_error, ip_setsockopt } from './ip_sockglue.ts';
import { inet_iif, ip_route_connect, ip_route_newports, ip_rt_put } from './route.ts';
import { tcp_cleanup_congestion_control, tcp_congestion_default, tcp_reno } from './tcp_cong.ts';
import {
	skb_condense,
	sysctl_tcp_mem,
	tcp_checksum_complete,
	tcp_clear_xmit_timers,
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
	tcp_write_queue_purge,
} from './tcp_lib.ts';
import {
	tcp_connect,
	tcp_make_synack,
	tcp_mstamp_refresh,
	tcp_rtx_synack,
	tcp_sync_mss,
} from './tcp_output.ts';
import {
	tcp_conn_request,
	tcp_rcv_established,
	tcp_rcv_state_process,
	tcp_simple_retransmit,
} from './tcp_input.ts';
import {
	tcp_release_cb,
	tcp_retransmit_timer,
	tcp_set_keepalive,
	tcp_syn_ack_timeout,
} from './tcp_timer.ts';
import {
	type check_req_result,
	tcp_ca_openreq_child,
	tcp_check_req,
	tcp_child_process,
	tcp_create_openreq_child,
	tcp_timewait_state_process,
	tcp_twsk_destructor,
} from './tcp_minisocks.ts';
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
} from './tcp.ts';
import { xfrm4_policy_check, XFRM_POLICY_IN } from '../../include/net/xfrm.ts';
import { icmp_err_convert } from '../../include/net/icmp.ts';
import { ipv6_addr_loopback, ipv6_addr_v4mapped_loopback } from '../../include/net/ipv6.ts';
import { ipv4_is_loopback } from '../../include/linux/in.ts';
import { RTN_LOCAL } from '../../include/uapi/linux/rtnetlink.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import { __ip_options_echo } from './ip_options.ts';

/**
 * Initial sequence number for the answer to a SYN.
 * @kernel net/ipv4/tcp_ipv4.c:94 (v5.10)
 */
function tcp_v4_init_seq(skb: sk_buff): number {
	const iph = skb.network_header;
	const th = skb.transport_header;

	return secure_tcp_seq(
		skb.machine,
		get_unaligned_be32(skb.head, iph + IPHDR_daddr),
		get_unaligned_be32(skb.head, iph + IPHDR_saddr),
		get_unaligned_be16(skb.head, th + TCPHDR_dest),
		get_unaligned_be16(skb.head, th + TCPHDR_source),
	);
}

/**
 * Timestamp offset for the answer to a SYN.
 * @kernel net/ipv4/tcp_ipv4.c:102 (v5.10)
 */
function tcp_v4_init_ts_off(net: net, skb: sk_buff): number {
	const iph = skb.network_header;

	return secure_tcp_ts_off(
		net,
		get_unaligned_be32(skb.head, iph + IPHDR_daddr),
		get_unaligned_be32(skb.head, iph + IPHDR_saddr),
	);
}

/**
 * Tells whether a new connection may have the ports of one in TIME_WAIT, and takes its numbers over.
 * @kernel net/ipv4/tcp_ipv4.c:107 (v5.10)
 */
export function tcp_twsk_unique(sk: sock, tw: inet_timewait_sock, twp: boolean): number {
	const tcptw = tcp_twsk(tw);
	const tp = tcp_sk(sk);
	let reuse = sk.sk_net.ipv4.sysctl_tcp_tw_reuse;

	if (reuse === 2) {
		/* Only over the loopback device, as far as can be told. */
		let loopback = tw.sk_bound_dev_if === LOOPBACK_IFINDEX;
		if (tw.sk_family === AF_INET6) {
			if (
				ipv6_addr_loopback(tw.sk_v6_daddr) ||
				ipv6_addr_v4mapped_loopback(tw.sk_v6_daddr) ||
				ipv6_addr_loopback(tw.sk_v6_rcv_saddr) ||
				ipv6_addr_v4mapped_loopback(tw.sk_v6_rcv_saddr)
			)
				loopback = true;
		} else if (ipv4_is_loopback(tw.sk_daddr) || ipv4_is_loopback(tw.sk_rcv_saddr)) {
			loopback = true;
		}
		if (!loopback) reuse = 0;
	}

	if (
		tcptw.tw_ts_recent_stamp !== 0 &&
		(!twp || (reuse !== 0 && ktime_get_seconds(sk.machine) > tcptw.tw_ts_recent_stamp))
	) {
		tp.write_seq = (tcptw.tw_snd_nxt + 65535 + 2) >>> 0 || 1;
		tp.rx_opt.ts_recent = tcptw.tw_ts_recent;
		tp.rx_opt.ts_recent_stamp = tcptw.tw_ts_recent_stamp;
		sock_hold(tw);
		return 1;
	}

	return 0;
}

/**
 * Begins a connection.
 * @returns 0, -EAFNOSUPPORT, -EINVAL, -ENETUNREACH, -EADDRNOTAVAIL or what routing and sending say
 * @kernel net/ipv4/tcp_ipv4.c:198 (v5.10)
 */
export function tcp_v4_connect(sk: sock, uaddr: sockaddr): number {
	const inet = inet_sk(sk);
	const tp = tcp_sk(sk);
	const net = sk.sk_net;
	const { inet_opt } = inet;

	if (uaddr.family !== AF_INET) return -EAFNOSUPPORT;

	let daddr = htonl(uaddr.addr);
	let nexthop = daddr;
	if (inet_opt !== null && inet_opt.opt.srr !== 0) {
		if (daddr === 0) return -EINVAL;
		nexthop = inet_opt.opt.faddr;
	}

	const orig_sport = inet.inet_sport;
	const orig_dport = htons(uaddr.port);
	const { fl4 } = inet.cork;
	const rt = ip_route_connect(
		fl4,
		nexthop,
		inet.inet_saddr,
		RT_CONN_FLAGS(sk),
		sk.sk_bound_dev_if,
		IPPROTO_TCP,
		orig_sport,
		orig_dport,
		sk,
	);
	if (IS_ERR(rt)) {
		if (rt === -ENETUNREACH) IP_INC_STATS(net, IPSTATS_MIB_OUTNOROUTES);
		return rt;
	}

	if ((rt.rt_flags & (RTCF_MULTICAST | RTCF_BROADCAST)) !== 0) {
		ip_rt_put(rt);
		return -ENETUNREACH;
	}

	if (inet_opt === null || inet_opt.opt.srr === 0) daddr = fl4.daddr;

	if (inet.inet_saddr === 0) inet.inet_saddr = fl4.saddr;
	sk_rcv_saddr_set(sk, inet.inet_saddr);

	if (tp.rx_opt.ts_recent_stamp !== 0 && inet.inet_daddr !== daddr) {
		tp.rx_opt.ts_recent = 0;
		tp.rx_opt.ts_recent_stamp = 0;
		tp.write_seq = 0;
	}

	inet.inet_dport = htons(uaddr.port);
	sk_daddr_set(sk, daddr);

	tp.icsk_ext_hdr_len = inet_opt !== null ? inet_opt.opt.optlen : 0;

	tp.rx_opt.mss_clamp = TCP_MSS_DEFAULT;

	tcp_set_state(sk, TCP_SYN_SENT);
	let held: rtable | null = rt;
	let err = inet_hash_connect(net.ipv4.tcp_death_row, sk);

	failure: {
		if (err !== 0) break failure;

		sk_set_txhash(sk);

		const nrt = ip_route_newports(
			fl4,
			rt,
			orig_sport,
			orig_dport,
			inet.inet_sport,
			inet.inet_dport,
			sk,
		);
		held = null;
		if (IS_ERR(nrt)) {
			err = nrt;
			break failure;
		}
		sk.sk_gso_type = SKB_GSO_TCPV4;
		sk_setup_caps(sk, nrt);

		if (tp.write_seq === 0)
			tp.write_seq = secure_tcp_seq(
				sk.machine,
				inet.inet_saddr,
				inet.inet_daddr,
				inet.inet_sport,
				uaddr.port,
			);
		tp.tsoffset = secure_tcp_ts_off(net, inet.inet_saddr, inet.inet_daddr);

		inet.inet_id = prandom_u32(sk.machine) & 0xffff;

		err = tcp_connect(sk);
		if (err !== 0) break failure;

		return 0;
	}

	tcp_set_state(sk, TCP_CLOSE);
	ip_rt_put(held);
	sk.sk_route_caps = 0;
	inet.inet_dport = htons(0);
	return err;
}

/**
 * Takes a smaller path MTU, and sends again what was too large for it.
 * @kernel net/ipv4/tcp_ipv4.c:337 (v5.10)
 */
export function tcp_v4_mtu_reduced(sk: sock): void {
	const tp = tcp_sk(sk);

	if (((1 << sk.sk_state) & (TCPF_LISTEN | TCPF_CLOSE)) !== 0) return;
	let mtu = tp.mtu_info;
	const dst = inet_csk_update_pmtu(sk, mtu);
	if (dst === null) return;

	if (mtu < dst_mtu(dst) && ip_dont_fragment(sk, dst)) sk.sk_err_soft = EMSGSIZE;

	mtu = dst_mtu(dst);

	if (
		tp.pmtudisc !== IP_PMTUDISC_DONT &&
		ip_sk_accept_pmtu(sk) &&
		tp.icsk_pmtu_cookie > mtu
	) {
		tcp_sync_mss(sk, mtu);

		tcp_simple_retransmit(sk);
	}
}

/**
 * Takes a redirect.
 * @kernel net/ipv4/tcp_ipv4.c:373 (v5.10)
 */
function do_redirect(skb: sk_buff, sk: sock): void {
	const dst = __sk_dst_check(sk, 0);

	if (dst !== null) dst.ops.redirect?.(dst, sk, skb);
}

/**
 * Takes an ICMP error for a request, and drops the caller's reference.
 * @param abort the request is given up
 * @kernel net/ipv4/tcp_ipv4.c:383 (v5.10)
 */
export function tcp_req_err(sk: sock_common, seq: number, abort: boolean): void {
	const req = inet_reqsk(sk);

	if (seq !== tcp_rsk(req).snt_isn) {
		NET_INC_STATS(sk.sk_net, LINUX_MIB_OUTOFWINDOWICMPS);
	} else if (abort) {
		inet_csk_reqsk_queue_drop(req.rsk_listener!, req);
		tcp_listendrop(req.rsk_listener!);
	}
	reqsk_put(req);
}

/**
 * Takes one back-off back, as the network answers that there is no way: no congestion (RFC 6069).
 * @kernel net/ipv4/tcp_ipv4.c:408 (v5.10)
 */
export function tcp_ld_RTO_revert(sk: sock, seq: number): void {
	const tp = tcp_sk(sk);

	if (sock_owned_by_user(sk)) return;

	if (seq !== tp.snd_una || tp.icsk_retransmits === 0 || tp.icsk_backoff === 0) return;

	const skb = tcp_rtx_queue_head(sk);
	if (skb === null) {
		sk.machine.record('WARN', 'tcp_ld_RTO_revert', 'the retransmit queue is empty');
		return;
	}

	tp.icsk_backoff--;
	tp.icsk_rto = tp.srtt_us !== 0 ? __tcp_set_rto(tp) : TCP_TIMEOUT_INIT;
	tp.icsk_rto = inet_csk_rto_backoff(tp, TCP_RTO_MAX);

	tcp_mstamp_refresh(tp);
	const delta_us = tp.tcp_mstamp - tcp_skb_timestamp_us(skb);
	const remaining = tp.icsk_rto - usecs_to_jiffies(delta_us);

	if (remaining > 0) inet_csk_reset_xmit_timer(sk, ICSK_TIME_RETRANS, remaining, TCP_RTO_MAX);
	else tcp_retransmit_timer(sk);
}

/**
 * Takes an ICMP error that quotes a TCP segment; data is at the quoted IP header.
 * @param info MTU of a "fragmentation needed"
 * @returns 0, or -ENOENT when there is no such connection
 * @kernel net/ipv4/tcp_ipv4.c:463 (v5.10)
 */
export function tcp_v4_err(skb: sk_buff, info: number): number {
	const { head } = skb;
	const iph = skb.data;
	const th = iph + ((head[iph] & 0xf) << 2);
	const type = head[skb.transport_header + ICMPHDR_type];
	const code = head[skb.transport_header + ICMPHDR_code];
	const m = skb.machine;
	const net = skb.dev!.nd_net;
	const dest = get_unaligned_be16(head, th + TCPHDR_dest);

	const common = __inet_lookup_established(
		net,
		tcp_hashinfo.of(m),
		get_unaligned_be32(head, iph + IPHDR_daddr),
		dest,
		get_unaligned_be32(head, iph + IPHDR_saddr),
		get_unaligned_be16(head, th + TCPHDR_source),
		inet_iif(skb),
		0,
	);
	if (common === null) {
		ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
		return -ENOENT;
	}
	if (common.sk_state === TCP_TIME_WAIT) {
		inet_twsk_put(inet_twsk(common));
		return 0;
	}
	const seq = get_unaligned_be32(head, th + TCPHDR_seq);
	if (common.sk_state === TCP_NEW_SYN_RECV) {
		tcp_req_err(
			common,
			seq,
			type === ICMP_PARAMETERPROB ||
				type === ICMP_TIME_EXCEEDED ||
				(type === ICMP_DEST_UNREACH &&
					(code === ICMP_NET_UNREACH || code === ICMP_HOST_UNREACH)),
		);
		return 0;
	}

	const sk = common as sock;
	const tp = tcp_sk(sk);

	if (
		sock_owned_by_user(sk) &&
		!(type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED)
	)
		NET_INC_STATS(net, LINUX_MIB_LOCKDROPPEDICMPS);

	out: {
		let err: number;

		if (sk.sk_state === TCP_CLOSE) break out;

		if (head[iph + IPHDR_ttl] < tp.min_ttl) {
			NET_INC_STATS(net, LINUX_MIB_TCPMINTTLDROP);
			break out;
		}

		if (sk.sk_state !== TCP_LISTEN && !between(seq, tp.snd_una, tp.snd_nxt)) {
			NET_INC_STATS(net, LINUX_MIB_OUTOFWINDOWICMPS);
			break out;
		}

		switch (type) {
			case ICMP_REDIRECT:
				if (!sock_owned_by_user(sk)) do_redirect(skb, sk);
				break out;
			case ICMP_PARAMETERPROB:
				err = EPROTO;
				break;
			case ICMP_DEST_UNREACH:
				if (code > NR_ICMP_UNREACH) break out;

				if (code === ICMP_FRAG_NEEDED) {
					if (sk.sk_state === TCP_LISTEN) break out;

					tp.mtu_info = info;
					if (!sock_owned_by_user(sk)) {
						tcp_v4_mtu_reduced(sk);
					} else if (
						(sk.sk_tsq_flags & TCPF_MTU_REDUCED_DEFERRED) ===
						0
					) {
						sk.sk_tsq_flags |= TCPF_MTU_REDUCED_DEFERRED;
						sock_hold(sk);
					}
					break out;
				}

				err = icmp_err_convert[code].errno;
				if (code === ICMP_NET_UNREACH || code === ICMP_HOST_UNREACH)
					tcp_ld_RTO_revert(sk, seq);
				break;
			case ICMP_TIME_EXCEEDED:
				err = EHOSTUNREACH;
				break;
			default:
				break out;
		}

		if (sk.sk_state === TCP_SYN_SENT || sk.sk_state === TCP_SYN_RECV) {
			ip_icmp_error(sk, skb, err, dest, info, th);

			if (!sock_owned_by_user(sk)) {
				sk.sk_err = err;

				sk.sk_error_report(sk);

				tcp_done(sk);
			} else {
				sk.sk_err_soft = err;
			}
			break out;
		}

		/* A connection that stands tries on until it times out, unless it asked for errors. */
		if (!sock_owned_by_user(sk) && tp.recverr) {
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
 * Puts the sum of the pseudo header into a segment whose checksum is still to be completed.
 * @kernel net/ipv4/tcp_ipv4.c:627 (v5.10)
 */
export function __tcp_v4_send_check(skb: sk_buff, saddr: __be32, daddr: __be32): void {
	const th = skb.transport_header;

	put_unaligned_be16(
		~csum_tcpudp_magic(saddr, daddr, skb.len, IPPROTO_TCP, 0),
		skb.head,
		th + TCPHDR_check,
	);
	skb.csum_start = th;
	skb.csum_offset = TCPHDR_check;
}

/**
 * Prepares the checksum of a connection's segment.
 * @kernel net/ipv4/tcp_ipv4.c:637 (v5.10)
 */
export function tcp_v4_send_check(sk: sock, skb: sk_buff): void {
	const inet = inet_sk(sk);

	__tcp_v4_send_check(skb, inet.inet_saddr, inet.inet_daddr);
}

/** What a segment without a socket is made in; making it does not nest. */
const reply_scratch = machine_var(() => ({
	reset: new Uint8Array(TCPHDR_LEN),
	ack: new Uint8Array(TCPHDR_LEN),
	ack_ts: new Uint8Array(TCPHDR_LEN + TCPOLEN_TSTAMP_ALIGNED),
	arg: new ip_reply_arg(),
}));

/**
 * Mark and priority of a socket of any kind, for what is sent in its name.
 * @kernel PORT: the same lines in tcp_v4_send_reset() and tcp_v4_send_ack()
 */
function ctl_sk_prepare(ctl_sk: sock, sk: sock_common): void {
	if (sk.sk_state === TCP_TIME_WAIT) {
		ctl_sk.sk_mark = inet_twsk(sk).tw_mark;
		ctl_sk.sk_priority = inet_twsk(sk).tw_priority;
	} else if (sk_fullsock(sk)) {
		ctl_sk.sk_mark = sk.sk_mark;
		ctl_sk.sk_priority = sk.sk_priority;
	}
}

/**
 * Tells whether a socket of any kind may send from addresses that are not ours.
 * @kernel PORT: inline of include/net/inet_sock.h:296 inet_sk_transparent
 */
function inet_sk_transparent(sk: sock_common): boolean {
	if (sk.sk_state === TCP_TIME_WAIT) return inet_twsk(sk).tw_transparent !== 0;
	if (sk.sk_state === TCP_NEW_SYN_RECV) return inet_rsk(inet_reqsk(sk)).no_srccheck;
	return inet_sk(sk as sock).transparent;
}

/**
 * Answers a segment with a reset.
 * @param sk the socket that it was for, or null
 * @kernel net/ipv4/tcp_ipv4.c:658 (v5.10)
 */
function tcp_v4_send_reset(sk: sock_common | null, skb: sk_buff): void {
	const m = skb.machine;
	const { head } = skb;
	const iph = skb.network_header;
	const th = skb.transport_header;
	const flags = head[th + TCPHDR_flags];

	if ((flags & TCPHDR_RST) !== 0) return;

	/* Without a socket only for packets that are really for us. */
	if (sk === null && (skb._dst as rtable).rt_type !== RTN_LOCAL) return;

	const { reset: rep, arg } = reply_scratch.of(m);
	rep.fill(0);
	put_unaligned_be16(get_unaligned_be16(head, th + TCPHDR_source), rep, TCPHDR_dest);
	put_unaligned_be16(get_unaligned_be16(head, th + TCPHDR_dest), rep, TCPHDR_source);
	rep[TCPHDR_doff] = (TCPHDR_LEN / 4) << 4;
	rep[TCPHDR_flags] = TCPHDR_RST;

	if ((flags & TCPHDR_ACK) !== 0) {
		put_unaligned_be32(get_unaligned_be32(head, th + TCPHDR_ack_seq), rep, TCPHDR_seq);
	} else {
		rep[TCPHDR_flags] |= TCPHDR_ACK;
		put_unaligned_be32(
			(get_unaligned_be32(head, th + TCPHDR_seq) +
				((flags & TCPHDR_SYN) !== 0 ? 1 : 0) +
				((flags & TCPHDR_FIN) !== 0 ? 1 : 0) +
				skb.len -
				tcp_hdrlen(skb)) >>>
				0,
			rep,
			TCPHDR_ack_seq,
		);
	}

	const saddr = get_unaligned_be32(head, iph + IPHDR_saddr);
	const daddr = get_unaligned_be32(head, iph + IPHDR_daddr);
	const net = sk !== null ? sk.sk_net : skb._dst!.dev!.nd_net;

	arg.data = rep;
	arg.csum = csum_tcpudp_nofold(daddr, saddr, rep.length, IPPROTO_TCP, 0);
	arg.csumoffset = TCPHDR_check / 2;
	arg.flags = sk !== null && inet_sk_transparent(sk) ? IP_REPLY_ARG_NOSRCCHECK : 0;
	arg.bound_dev_if = sk !== null ? sk.sk_bound_dev_if : 0;
	arg.tos = head[iph + IPHDR_tos];
	arg.uid = 0;
	m.local_bh_disable();
	const ctl_sk = net.ipv4.tcp_sk!;
	if (sk !== null) ctl_sk_prepare(ctl_sk, sk);
	ip_send_unicast_reply(ctl_sk, skb, IPCB(skb).opt, saddr, daddr, arg, rep.length, 0);

	ctl_sk.sk_mark = 0;
	TCP_INC_STATS(net, TCP_MIB_OUTSEGS);
	TCP_INC_STATS(net, TCP_MIB_OUTRSTS);
	m.local_bh_enable();
}

/**
 * Answers a segment with an ACK outside of any full socket.
 * @param win as in the header
 * @param tsecr 0: no timestamp option
 * @param oif device that the socket is bound to
 * @kernel net/ipv4/tcp_ipv4.c:824 (v5.10)
 */
function tcp_v4_send_ack(
	sk: sock_common,
	skb: sk_buff,
	seq: number,
	ack: number,
	win: number,
	tsval: number,
	tsecr: number,
	oif: number,
	reply_flags: number,
	tos: number,
): void {
	const m = skb.machine;
	const { head } = skb;
	const iph = skb.network_header;
	const th = skb.transport_header;
	const scratch = reply_scratch.of(m);
	const rep = tsecr !== 0 ? scratch.ack_ts : scratch.ack;
	const { arg } = scratch;

	rep.fill(0);
	if (tsecr !== 0) {
		put_unaligned_be32(
			(TCPOPT_NOP << 24) |
				(TCPOPT_NOP << 16) |
				(TCPOPT_TIMESTAMP << 8) |
				TCPOLEN_TIMESTAMP,
			rep,
			TCPHDR_LEN,
		);
		put_unaligned_be32(tsval, rep, TCPHDR_LEN + 4);
		put_unaligned_be32(tsecr, rep, TCPHDR_LEN + 8);
	}

	put_unaligned_be16(get_unaligned_be16(head, th + TCPHDR_source), rep, TCPHDR_dest);
	put_unaligned_be16(get_unaligned_be16(head, th + TCPHDR_dest), rep, TCPHDR_source);
	rep[TCPHDR_doff] = (rep.length / 4) << 4;
	put_unaligned_be32(seq, rep, TCPHDR_seq);
	put_unaligned_be32(ack, rep, TCPHDR_ack_seq);
	rep[TCPHDR_flags] = TCPHDR_ACK;
	put_unaligned_be16(win, rep, TCPHDR_window);

	const saddr = get_unaligned_be32(head, iph + IPHDR_saddr);
	const daddr = get_unaligned_be32(head, iph + IPHDR_daddr);

	arg.data = rep;
	arg.flags = reply_flags;
	arg.csum = csum_tcpudp_nofold(daddr, saddr, rep.length, IPPROTO_TCP, 0);
	arg.csumoffset = TCPHDR_check / 2;
	arg.bound_dev_if = oif;
	arg.tos = tos;
	arg.uid = 0;
	m.local_bh_disable();
	const net = sk.sk_net;
	const ctl_sk = net.ipv4.tcp_sk!;
	ctl_sk_prepare(ctl_sk, sk);
	ip_send_unicast_reply(ctl_sk, skb, IPCB(skb).opt, saddr, daddr, arg, rep.length, 0);

	ctl_sk.sk_mark = 0;
	TCP_INC_STATS(net, TCP_MIB_OUTSEGS);
	m.local_bh_enable();
}

/**
 * Acknowledges a segment in TIME_WAIT, and drops the caller's reference.
 * @kernel net/ipv4/tcp_ipv4.c:910 (v5.10)
 */
function tcp_v4_timewait_ack(tw: inet_timewait_sock, skb: sk_buff): void {
	const tcptw = tcp_twsk(tw);

	tcp_v4_send_ack(
		tw,
		skb,
		tcptw.tw_snd_nxt,
		tcptw.tw_rcv_nxt,
		tcptw.tw_rcv_wnd >>> tw.tw_rcv_wscale,
		(tcp_time_stamp_raw(tw.machine) + tcptw.tw_ts_offset) >>> 0,
		tcptw.tw_ts_recent,
		tw.sk_bound_dev_if,
		tw.tw_transparent !== 0 ? IP_REPLY_ARG_NOSRCCHECK : 0,
		tw.tw_tos,
	);

	inet_twsk_put(tw);
}

/**
 * Acknowledges a segment for a request.
 * @kernel net/ipv4/tcp_ipv4.c:929 (v5.10)
 */
function tcp_v4_reqsk_send_ack(sk: sock, skb: sk_buff, req: request_sock): void {
	const trsk = tcp_rsk(req);
	const seq = sk.sk_state === TCP_LISTEN ? (trsk.snt_isn + 1) >>> 0 : tcp_sk(sk).snd_nxt;

	tcp_v4_send_ack(
		sk,
		skb,
		seq,
		trsk.rcv_nxt,
		req.rsk_rcv_wnd >>> inet_rsk(req).rcv_wscale,
		(tcp_time_stamp_raw(sk.machine) + trsk.ts_off) >>> 0,
		req.ts_recent,
		0,
		inet_rsk(req).no_srccheck ? IP_REPLY_ARG_NOSRCCHECK : 0,
		skb.head[skb.network_header + IPHDR_tos],
	);
}

/**
 * Sends a SYN-ACK.
 * @param dst route, whose reference is used up; null: it is looked for
 * @param fl the request's flow, filled when a route is looked for
 * @returns 0 or a negative errno
 * @kernel net/ipv4/tcp_ipv4.c:964 (v5.10)
 */
function tcp_v4_send_synack(
	sk: sock,
	dst: dst_entry | null,
	fl: flowi | null,
	req: request_sock,
	synack_type: number,
	_syn_skb: sk_buff | null,
): number {
	const ireq = inet_rsk(req);

	dst ??= inet_csk_route_req(sk, fl as flowi4, req);
	if (dst === null) return -1;

	const skb = tcp_make_synack(sk, dst, req, synack_type);
	__tcp_v4_send_check(skb, ireq.ir_loc_addr, ireq.ir_rmt_addr);

	const sktos = inet_sk(sk).tos;
	const tos =
		sk.sk_net.ipv4.sysctl_tcp_reflect_tos !== 0
			? (tcp_rsk(req).syn_tos & ~INET_ECN_MASK) | (sktos & INET_ECN_MASK)
			: sktos;

	const err = ip_build_and_send_pkt(
		skb,
		sk,
		ireq.ir_loc_addr,
		ireq.ir_rmt_addr,
		ireq.ireq_opt,
		tos,
	);
	return net_xmit_eval(err);
}

/**
 * What an ACK for TCP is made of a result of transmission: congestion is no error.
 * @kernel PORT: the macro net_xmit_eval of include/linux/netdevice.h
 */
export function net_xmit_eval(e: number): number {
	return e === NET_XMIT_CN ? 0 : e;
}

/**
 * Drops what a request holds.
 * @kernel net/ipv4/tcp_ipv4.c:1010 (v5.10)
 */
function tcp_v4_reqsk_destructor(req: request_sock): void {
	inet_rsk(req).ireq_opt = null;
}

/**
 * Options of a SYN, turned round for the answers.
 * @kernel PORT: inline of include/net/tcp.h:2091 tcp_v4_save_options, include/ does not import net/
 */
function tcp_v4_save_options(net: net, skb: sk_buff): ip_options_rcu | null {
	const { opt } = IPCB(skb);

	if (opt.optlen === 0) return null;
	const dopt = new ip_options_rcu();

	return __ip_options_echo(net, dopt.opt, skb, opt) === 0 ? dopt : null;
}

/**
 * Fills the addresses of a request.
 * @kernel net/ipv4/tcp_ipv4.c:1435 (v5.10)
 */
function tcp_v4_init_req(req: request_sock, sk_listener: sock, skb: sk_buff): void {
	const iph = skb.network_header;

	sk_rcv_saddr_set(req, get_unaligned_be32(skb.head, iph + IPHDR_daddr));
	sk_daddr_set(req, get_unaligned_be32(skb.head, iph + IPHDR_saddr));
	inet_rsk(req).ireq_opt = tcp_v4_save_options(sk_listener.sk_net, skb);
}

/**
 * Route for the SYN-ACK of a request, or null.
 * @kernel net/ipv4/tcp_ipv4.c:1447 (v5.10)
 */
function tcp_v4_route_req(sk: sock, fl: flowi, req: request_sock): dst_entry | null {
	return inet_csk_route_req(sk, fl as flowi4, req);
}

/**
 * Makes a flow.
 * @kernel PORT: struct flowi on the stack
 */
function tcp_v4_new_flow(): flowi {
	return new flowi4();
}

/**
 * Makes a request.
 * @kernel PORT: obj_size of struct request_sock_ops
 */
function tcp_reqsk_alloc(net: net, prot: proto): request_sock {
	return new tcp_request_sock(net, prot);
}

export const tcp_request_sock_ops: request_sock_ops = {
	family: PF_INET,
	alloc: tcp_reqsk_alloc,
	rtx_syn_ack: tcp_rtx_synack,
	send_ack: tcp_v4_reqsk_send_ack,
	destructor: tcp_v4_reqsk_destructor,
	send_reset: tcp_v4_send_reset,
	syn_ack_timeout: tcp_syn_ack_timeout,
};

export const tcp_request_sock_ipv4_ops: tcp_request_sock_af_ops = {
	mss_clamp: TCP_MSS_DEFAULT,
	init_req: tcp_v4_init_req,
	route_req: tcp_v4_route_req,
	new_flow: tcp_v4_new_flow,
	init_seq: tcp_v4_init_seq,
	init_ts_off: tcp_v4_init_ts_off,
	send_synack: tcp_v4_send_synack,
};

/**
 * Takes a SYN; returns 0.
 * @kernel net/ipv4/tcp_ipv4.c:1480 (v5.10)
 */
export function tcp_v4_conn_request(sk: sock, skb: sk_buff): number {
	if (((skb._dst as rtable).rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0) {
		tcp_listendrop(sk);
		return 0;
	}

	return tcp_conn_request(tcp_request_sock_ops, tcp_request_sock_ipv4_ops, sk, skb);
}

/**
 * Makes the socket of a finished handshake.
 * @param dst route for it, with a reference, or null
 * @param req_unhash the request that leaves the table for it
 * @param own_req gets whether it was put into the table
 * @returns the socket, or null
 * @kernel net/ipv4/tcp_ipv4.c:1500 (v5.10)
 */
export function tcp_v4_syn_recv_sock(
	sk: sock,
	skb: sk_buff,
	req: request_sock,
	dst: dst_entry | null,
	req_unhash: request_sock | null,
	own_req: own_req_result,
): sock | null {
	const ireq = inet_rsk(req);

	if (sk_acceptq_is_full(sk)) {
		NET_INC_STATS(sk.sk_net, LINUX_MIB_LISTENOVERFLOWS);
		dst_release(dst);
		tcp_listendrop(sk);
		return null;
	}

	const newsk = tcp_create_openreq_child(sk, req, skb);
	if (newsk === null) {
		dst_release(dst);
		tcp_listendrop(sk);
		return null;
	}

	newsk.sk_gso_type = SKB_GSO_TCPV4;
	inet_sk_rx_dst_set(newsk, skb);

	const newtp = tcp_sk(newsk);
	const iph = skb.network_header;
	sk_daddr_set(newsk, ireq.ir_rmt_addr);
	sk_rcv_saddr_set(newsk, ireq.ir_loc_addr);
	newsk.sk_bound_dev_if = ireq.ir_iif;
	newtp.inet_saddr = ireq.ir_loc_addr;
	const inet_opt = ireq.ireq_opt;
	newtp.inet_opt = inet_opt;
	newtp.mc_index = inet_iif(skb);
	newtp.mc_ttl = skb.head[iph + IPHDR_ttl];
	newtp.rcv_tos = skb.head[iph + IPHDR_tos];
	newtp.icsk_ext_hdr_len = inet_opt !== null ? inet_opt.opt.optlen : 0;
	newtp.inet_id = prandom_u32(sk.machine) & 0xffff;

	/* Its ECT bits follow in tcp_init_transfer(). */
	if (sk.sk_net.ipv4.sysctl_tcp_reflect_tos !== 0)
		newtp.tos = tcp_rsk(req).syn_tos & ~INET_ECN_MASK;

	put_and_exit: {
		dst ??= inet_csk_route_child_sock(sk, newsk, req);
		if (dst === null) break put_and_exit;
		sk_setup_caps(newsk, dst);

		tcp_ca_openreq_child(newsk, dst);

		tcp_sync_mss(newsk, dst_mtu(dst));
		newtp.advmss = tcp_mss_clamp(tcp_sk(sk), dst_metric_advmss(dst));

		tcp_initialize_rcv_mss(newsk);

		if (__inet_inherit_port(sk, newsk) < 0) break put_and_exit;
		own_req.own_req = inet_ehash_nolisten(newsk, req_unhash, null);
		if (own_req.own_req) ireq.ireq_opt = null;
		else newtp.inet_opt = null;
		return newsk;
	}

	newtp.inet_opt = null;
	inet_csk_prepare_forced_close(newsk);
	tcp_done(newsk);
	tcp_listendrop(sk);
	return null;
}

/**
 * Receives a segment for a socket that nobody owns, or from its backlog.
 * @returns 0
 * @kernel net/ipv4/tcp_ipv4.c:1655 (v5.10)
 */
export function tcp_v4_do_rcv(sk: sock, skb: sk_buff): number {
	if (sk.sk_state === TCP_ESTABLISHED) {
		const dst = sk.sk_rx_dst;

		if (
			dst !== null &&
			(inet_sk(sk).rx_dst_ifindex !== skb.skb_iif ||
				dst.ops.check(dst, 0) === null)
		) {
			dst_release(dst);
			sk.sk_rx_dst = null;
		}
		tcp_rcv_established(sk, skb);
		return 0;
	}

	if (tcp_checksum_complete(skb)) {
		TCP_INC_STATS(sk.sk_net, TCP_MIB_CSUMERRORS);
		TCP_INC_STATS(sk.sk_net, TCP_MIB_INERRS);
		kfree_skb(skb);
		return 0;
	}

	if (tcp_rcv_state_process(sk, skb) !== 0) {
		tcp_v4_send_reset(sk, skb);
		kfree_skb(skb);
	}
	return 0;
}

/**
 * Finds the connection of a packet before it is routed, to spare that; returns 0.
 * @kernel net/ipv4/tcp_ipv4.c:1717 (v5.10)
 */
export function tcp_v4_early_demux(skb: sk_buff): number {
	if (skb.pkt_type !== PACKET_HOST) return 0;

	if (!pskb_may_pull(skb, skb_transport_offset(skb) + TCPHDR_LEN)) return 0;

	const { view } = skb;
	const th = skb.transport_header;

	if (view.getUint8(th + TCPHDR_doff) >> 4 < TCPHDR_LEN / 4) return 0;

	const sk = __inet_lookup_established(
		skb.dev!.nd_net,
		tcp_hashinfo.of(skb.machine),
		ip_saddr(skb),
		view.getUint16(th + TCPHDR_source),
		ip_daddr(skb),
		view.getUint16(th + TCPHDR_dest),
		skb.skb_iif,
		inet_sdif(skb),
	);
	if (sk !== null) {
		skb.sk = sk as sock;
		skb.destructor = sock_edemux;
		if (sk_fullsock(sk)) {
			let dst = sk.sk_rx_dst;

			if (dst !== null) dst = dst_check(dst, 0);
			if (dst !== null && inet_sk(sk).rx_dst_ifindex === skb.skb_iif)
				skb_dst_set_noref(skb, dst);
		}
	}
	return 0;
}

/**
 * Puts a segment on the backlog of a socket that is owned, if may be as part of the one before.
 * @returns true when it has to be dropped
 * @kernel net/ipv4/tcp_ipv4.c:1755 (v5.10)
 */
export function tcp_add_backlog(sk: sock, skb: sk_buff): boolean {
	skb_condense(skb);

	skb_dst_drop(skb);

	if (tcp_checksum_complete(skb)) {
		TCP_INC_STATS(sk.sk_net, TCP_MIB_CSUMERRORS);
		TCP_INC_STATS(sk.sk_net, TCP_MIB_INERRS);
		return true;
	}

	const th = skb.data;
	const hdrlen = tcp_hdrlen(skb);
	const { sk_backlog } = sk;
	const { tail } = sk_backlog;

	if (tail !== null && tcp_backlog_alike(tail, skb, hdrlen)) {
		const cb = TCP_SKB_CB(skb);
		const tcb = TCP_SKB_CB(tail);
		const thtail = tail.data;
		const { view } = skb;
		const tail_view = tail.view;

		__skb_pull(skb, hdrlen);

		const shinfo = skb_shinfo(skb);
		const gso_size = shinfo.gso_size || skb.len;
		const gso_segs = shinfo.gso_segs || 1;

		const tail_shinfo = skb_shinfo(tail);
		const tail_gso_size = tail_shinfo.gso_size || tail.len - hdrlen;
		const tail_gso_segs = tail_shinfo.gso_segs || 1;

		const delta = skb_try_coalesce(tail, skb);
		if (delta >= 0) {
			tcb.end_seq = cb.end_seq;

			if (!before(cb.ack_seq, tcb.ack_seq)) {
				tcb.ack_seq = cb.ack_seq;
				const window = view.getUint16(th + TCPHDR_window);
				tail_view.setUint16(thtail + TCPHDR_window, window);
			}

			/* In the header too, so that a FIN is not taken for plain data. */
			const fin = view.getUint8(th + TCPHDR_flags) & TCPHDR_FIN;
			if (fin !== 0) tail.head[thtail + TCPHDR_flags] |= fin;
			tcb.tcp_flags |= cb.tcp_flags;

			if (cb.has_rxtstamp) {
				tcb.has_rxtstamp = true;
				tail.tstamp = skb.tstamp;
			}

			tail_shinfo.gso_size = Math.max(gso_size, tail_gso_size);
			tail_shinfo.gso_segs = Math.min(gso_segs + tail_gso_segs, 0xffff);

			sk_backlog.len += delta;
			NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPBACKLOGCOALESCE);
			kfree_skb_partial(skb, false);
			return false;
		}
		__skb_push(skb, hdrlen);
	}

	if (sk_add_backlog(sk, skb, sk.sk_rcvbuf + sk.sk_sndbuf + 64 * 1024) !== 0) {
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPBACKLOGDROP);
		return true;
	}
	return false;
}

/**
 * Tells whether a segment is the next one behind another and has the same flags and options.
 * @kernel PORT: the conditions of tcp_add_backlog()
 */
function tcp_backlog_alike(tail: sk_buff, skb: sk_buff, hdrlen: number): boolean {
	const cb = TCP_SKB_CB(skb);
	const tcb = TCP_SKB_CB(tail);

	if (
		tcb.end_seq !== cb.seq ||
		tcb.ip_dsfield !== cb.ip_dsfield ||
		((tcb.tcp_flags | cb.tcp_flags) & (TCPHDR_SYN | TCPHDR_RST | TCPHDR_URG)) !== 0 ||
		(tcb.tcp_flags & cb.tcp_flags & TCPHDR_ACK) === 0 ||
		((tcb.tcp_flags ^ cb.tcp_flags) & (TCPHDR_ECE | TCPHDR_CWR)) !== 0 ||
		tcp_hdrlen(tail) !== hdrlen
	)
		return false;
	/* Options are whole words. */
	const a = tail.view;
	const b = skb.view;
	const p = tail.data;
	const q = skb.data;
	for (let i = TCPHDR_LEN; i < hdrlen; i += 4)
		if (a.getInt32(p + i) !== b.getInt32(q + i)) return false;
	return true;
}

/**
 * Notes numbers and flags of a segment.
 * @kernel net/ipv4/tcp_ipv4.c:1890 (v5.10)
 */
function tcp_v4_fill_cb(skb: sk_buff): void {
	const cb = TCP_SKB_CB(skb);
	const { view } = skb;
	const th = skb.transport_header;
	const flags = view.getUint8(th + TCPHDR_flags);

	const seq = view.getUint32(th + TCPHDR_seq);
	cb.seq = seq;
	cb.end_seq =
		(seq +
			((flags & TCPHDR_SYN) >> 1) +
			(flags & TCPHDR_FIN) +
			skb.len -
			(view.getUint8(th + TCPHDR_doff) >> 4) * 4) >>>
		0;
	cb.ack_seq = view.getUint32(th + TCPHDR_ack_seq);
	cb.tcp_flags = flags;
	cb.tcp_tw_isn = 0;
	cb.ip_dsfield = view.getUint8(skb.network_header + IPHDR_tos);
	cb.sacked = 0;
	cb.has_rxtstamp = skb.tstamp !== 0;
}

/**
 * Finds the socket of a segment; a listener without a reference, any other with one.
 * @kernel PORT: inline of include/net/inet_hashtables.h:400, include/ does not import net/
 */
function __inet_lookup_skb(skb: sk_buff, sdif: number): sock_common | null {
	const { view } = skb;
	const th = skb.transport_header;

	return __inet_lookup(
		skb._dst!.dev!.nd_net,
		tcp_hashinfo.of(skb.machine),
		ip_saddr(skb),
		view.getUint16(th + TCPHDR_source),
		ip_daddr(skb),
		view.getUint16(th + TCPHDR_dest),
		inet_iif(skb),
		sdif,
	);
}

const steal_scratch = machine_var(() => ({ val: false }));
const check_scratch = machine_var((): check_req_result => ({ own_req: false, req_stolen: false }));

/**
 * Receives a segment; data is at the TCP header.
 * @returns 0
 * @kernel net/ipv4/tcp_ipv4.c:1916 (v5.10)
 */
export function tcp_v4_rcv(skb: sk_buff): number {
	const m = skb.machine;
	const net = skb.dev!.nd_net;
	const sdif = inet_sdif(skb);

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
				inet_compute_pseudo,
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
			common ??= __inet_lookup_skb(skb, sdif);

			if (common === null) {
				if (!xfrm4_policy_check(null, XFRM_POLICY_IN, skb))
					break discard_it;

				tcp_v4_fill_cb(skb);

				if (tcp_checksum_complete(skb)) {
					TCP_INC_STATS(net, TCP_MIB_CSUMERRORS);
					TCP_INC_STATS(net, TCP_MIB_INERRS);
				} else {
					tcp_v4_send_reset(null, skb);
				}
				break discard_it;
			}

			if (common.sk_state === TCP_TIME_WAIT) {
				const sk2 = tcp_v4_time_wait_rcv(inet_twsk(common), skb, sdif);
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
				tcp_v4_fill_cb(skb);
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
					tcp_v4_send_reset(nsk, skb);
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
			if (skb.head[skb.network_header + IPHDR_ttl] < inet_sk(sk).min_ttl) {
				NET_INC_STATS(net, LINUX_MIB_TCPMINTTLDROP);
				break discard_and_relse;
			}

			if (!xfrm4_policy_check(sk, XFRM_POLICY_IN, skb)) break discard_and_relse;

			nf_reset_ct(skb);

			tcp_v4_fill_cb(skb);

			skb.dev = null;

			if (sk.sk_state === TCP_LISTEN) {
				tcp_v4_do_rcv(sk, skb);
			} else {
				tcp_segs_in(tcp_sk(sk), skb);
				if (!sock_owned_by_user(sk)) tcp_v4_do_rcv(sk, skb);
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
 * @kernel PORT: the part of tcp_v4_rcv() behind do_time_wait
 */
function tcp_v4_time_wait_rcv(tw: inet_timewait_sock, skb: sk_buff, sdif: number): sock | null {
	const net = skb.dev!.nd_net;

	if (!xfrm4_policy_check(null, XFRM_POLICY_IN, skb)) {
		inet_twsk_put(tw);
		return null;
	}

	tcp_v4_fill_cb(skb);

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
			const sk2 = __inet_lookup_listener(
				net,
				tcp_hashinfo.of(skb.machine),
				get_unaligned_be32(head, iph + IPHDR_saddr),
				get_unaligned_be16(head, th + TCPHDR_source),
				get_unaligned_be32(head, iph + IPHDR_daddr),
				get_unaligned_be16(head, th + TCPHDR_dest),
				inet_iif(skb),
				sdif,
			);
			if (sk2 !== null) {
				inet_twsk_deschedule_put(tw);
				return sk2;
			}
			tcp_v4_timewait_ack(tw, skb);
			break;
		}
		case TCP_TW_ACK:
			tcp_v4_timewait_ack(tw, skb);
			break;
		case TCP_TW_RST:
			tcp_v4_send_reset(tw, skb);
			inet_twsk_deschedule_put(tw);
			break;
		case TCP_TW_SUCCESS:
			break;
	}
	return null;
}

/**
 * Makes a TIME_WAIT socket.
 * @kernel PORT: twsk_obj_size of struct timewait_sock_ops
 */
function tcp_twsk_alloc(net: net, prot: proto): inet_timewait_sock {
	return new tcp_timewait_sock(net, prot);
}

export const tcp_timewait_sock_ops: timewait_sock_ops = {
	twsk_alloc: tcp_twsk_alloc,
	twsk_unique: tcp_twsk_unique,
	twsk_destructor: tcp_twsk_destructor,
};

/**
 * Remembers the route by which a connection's packets come in.
 * @kernel net/ipv4/tcp_ipv4.c:2145 (v5.10)
 */
export function inet_sk_rx_dst_set(sk: sock, skb: sk_buff): void {
	const dst = skb._dst;

	if (dst !== null && dst_hold_safe(dst)) {
		sk.sk_rx_dst = dst;
		inet_sk(sk).rx_dst_ifindex = skb.skb_iif;
	}
}

/**
 * Sends a segment by the socket's own flow.
 * @kernel PORT: ip_queue_xmit as queue_xmit, whose third argument is always this flow
 */
export function tcp_v4_queue_xmit(sk: sock, skb: sk_buff): number {
	return ip_queue_xmit(sk, skb, inet_sk(sk).cork.fl4);
}

export const ipv4_specific: inet_connection_sock_af_ops = {
	queue_xmit: tcp_v4_queue_xmit,
	send_check: tcp_v4_send_check,
	rebuild_header: inet_sk_rebuild_header,
	sk_rx_dst_set: inet_sk_rx_dst_set,
	conn_request: tcp_v4_conn_request,
	syn_recv_sock: tcp_v4_syn_recv_sock,
	net_header_len: IPHDR_LEN,
	net_frag_header_len: 0,
	setsockopt: ip_setsockopt,
	getsockopt: ip_getsockopt,
	mtu_reduced: tcp_v4_mtu_reduced,
};

/**
 * Sets a new socket up; returns 0.
 * @kernel net/ipv4/tcp_ipv4.c:2183 (v5.10)
 */
function tcp_v4_init_sock(sk: sock): number {
	tcp_init_sock(sk);

	inet_csk(sk).icsk_af_ops = ipv4_specific;

	return 0;
}

/**
 * Drops what a socket holds that is closed.
 * @kernel net/ipv4/tcp_ipv4.c:2198 (v5.10)
 */
export function tcp_v4_destroy_sock(sk: sock): void {
	const tp = tcp_sk(sk);

	tcp_clear_xmit_timers(sk);

	tcp_cleanup_congestion_control(sk);

	tcp_write_queue_purge(sk);

	__skb_queue_purge(tp.out_of_order_queue);

	if (tp.icsk_bind_hash !== null) inet_put_port(sk);

	sk_sockets_allocated_dec(sk);
}

/**
 * All TCP sockets of a namespace: listeners, then those of the table of connections.
 * @param family AF_INET, AF_INET6, or AF_UNSPEC for both
 * @kernel PORT: tcp_seq_start() and tcp_seq_next() of net/ipv4/tcp_ipv4.c
 */
export function tcp_seq_sockets(net: net, family: number): sock_common[] {
	const hashinfo = tcp_hashinfo.of(net.machine);
	const list: sock_common[] = [];

	for (const ilb of hashinfo.listening_hash)
		for (let sk = ilb.head.first; sk !== null; sk = sk.hnnode_next)
			if (sk.sk_net === net && (family === AF_UNSPEC || sk.sk_family === family))
				list.push(sk);
	for (const head of hashinfo.ehash)
		for (let sk = head.first; sk !== null; sk = sk.hnnode_next)
			if (sk.sk_net === net && (family === AF_UNSPEC || sk.sk_family === family))
				list.push(sk);
	return list;
}

/**
 * A number in capital hexadecimal digits.
 * @kernel PORT: %0*X of printf
 */
export function seq_hex(v: number, width: number): string {
	return (v >>> 0).toString(16).toUpperCase().padStart(width, '0');
}

/**
 * An IPv4 address as the little-endian machine prints its word.
 * @kernel PORT: %08X of a __be32
 */
function seq_be32(addr: number): string {
	const swapped =
		((addr << 24) |
			((addr & 0xff00) << 8) |
			((addr >>> 8) & 0xff00) |
			(addr >>> 24)) >>>
		0;

	return seq_hex(swapped, 8);
}

/** Clock ticks of user space: a hundredth of a second. */
const USER_HZ = 100;

/**
 * Jiffies as user space has them, not below zero.
 * @kernel PORT: kernel/time/time.c jiffies_delta_to_clock_t
 */
export function jiffies_delta_to_clock_t(delta: number): number {
	return Math.floor(Math.max(delta, 0) / (HZ / USER_HZ));
}

/**
 * What /proc/net/tcp and /proc/net/tcp6 say of a socket behind its addresses.
 * PORT: sockets have no inode and no address; both are given as 0.
 * @kernel PORT: what get_tcp4_sock() and get_tcp6_sock() have in common, and their kin
 */
export function tcp_seq_state(sk: sock_common): string {
	const now = sk.machine.jiffies;
	const ptr = '0000000000000000';
	const pad = (v: number, w: number): string => String(v).padStart(w);

	if (sk.sk_state === TCP_TIME_WAIT) {
		const tw = inet_twsk(sk);
		const delta = jiffies_delta_to_clock_t(tw.tw_timer!.expires - now);

		return (
			`${seq_hex(tw.tw_substate, 2)} 00000000:00000000 03:${seq_hex(delta, 8)} 00000000 ` +
			`${pad(0, 5)} ${pad(0, 8)} 0 ${tw.sk_refcnt} ${ptr}`
		);
	}
	if (sk.sk_state === TCP_NEW_SYN_RECV) {
		const req = inet_reqsk(sk);
		const delta = jiffies_delta_to_clock_t(req.rsk_timer!.expires - now);

		return (
			`${seq_hex(TCP_SYN_RECV, 2)} 00000000:00000000 01:${seq_hex(delta, 8)} ` +
			`${seq_hex(req.num_timeout, 8)} ${pad(req.rsk_listener!.sk_uid, 5)} ${pad(0, 8)} 0 0 ${ptr}`
		);
	}

	const full = sk as sock;
	const tp = tcp_sk(full);
	let timer_active = 0;
	let timer_expires = now;

	if (
		tp.icsk_pending === ICSK_TIME_RETRANS ||
		tp.icsk_pending === ICSK_TIME_REO_TIMEOUT ||
		tp.icsk_pending === ICSK_TIME_LOSS_PROBE
	) {
		timer_active = 1;
		timer_expires = tp.icsk_timeout;
	} else if (tp.icsk_pending === ICSK_TIME_PROBE0) {
		timer_active = 4;
		timer_expires = tp.icsk_timeout;
	} else if (timer_pending(full.sk_timer)) {
		timer_active = 2;
		timer_expires = full.sk_timer.expires;
	}

	const listen = full.sk_state === TCP_LISTEN;
	const rx_queue = listen
		? full.sk_ack_backlog
		: Math.max((tp.rcv_nxt - tp.copied_seq) | 0, 0);
	const ssthresh = listen ? 0 : tcp_in_initial_slowstart(tp) ? -1 : tp.snd_ssthresh;

	return (
		`${seq_hex(full.sk_state, 2)} ` +
		`${seq_hex(tp.write_seq - tp.snd_una, 8)}:${seq_hex(rx_queue, 8)} ` +
		`${seq_hex(timer_active, 2)}:${seq_hex(jiffies_delta_to_clock_t(timer_expires - now), 8)} ` +
		`${seq_hex(tp.icsk_retransmits, 8)} ${pad(full.sk_uid, 5)} ${pad(tp.icsk_probes_out, 8)} ` +
		`0 ${full.sk_refcnt} ${ptr} ${jiffies_delta_to_clock_t(tp.icsk_rto)} ` +
		`${jiffies_delta_to_clock_t(tp.icsk_ack.ato)} ` +
		`${(tp.icsk_ack.quick << 1) | (inet_csk_in_pingpong_mode(full) ? 1 : 0)} ` +
		`${tp.snd_cwnd} ${ssthresh}`
	);
}

/**
 * Local port of a socket of any kind, host order.
 * @kernel PORT: inet_sport, tw_sport and ir_num
 */
export function tcp_seq_sport(sk: sock_common): number {
	if (sk.sk_state === TCP_TIME_WAIT) return inet_twsk(sk).tw_sport;
	if (sk.sk_state === TCP_NEW_SYN_RECV) return sk.sk_num;
	return inet_sk(sk as sock).inet_sport;
}

/**
 * Text of /proc/net/tcp.
 * @kernel net/ipv4/tcp_ipv4.c:2630 (v5.10)
 */
function tcp4_seq_show(net: net): string {
	const lines = [
		'  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
	];

	tcp_seq_sockets(net, AF_INET).forEach((sk, i) => {
		lines.push(
			`${String(i).padStart(4)}: ` +
				`${seq_be32(sk.sk_rcv_saddr)}:${seq_hex(tcp_seq_sport(sk), 4)} ` +
				`${seq_be32(sk.sk_daddr)}:${seq_hex(sk.sk_dport, 4)} ${tcp_seq_state(sk)}`,
		);
	});
	return lines.map((l) => `${l.padEnd(149)}\n`).join('');
}

/**
 * Makes /proc/net/tcp; returns 0.
 * @kernel net/ipv4/tcp_ipv4.c:2734 (v5.10)
 */
function tcp4_proc_init_net(net: net): number {
	proc_create_net(net, 'tcp', () => tcp4_seq_show(net));
	return 0;
}

/**
 * Removes /proc/net/tcp.
 * @kernel net/ipv4/tcp_ipv4.c:2742 (v5.10)
 */
function tcp4_proc_exit_net(net: net): void {
	remove_proc_entry(net, 'tcp');
}

const tcp4_net_ops: pernet_operations = {
	init: tcp4_proc_init_net,
	exit: tcp4_proc_exit_net,
};

/**
 * Makes /proc/net/tcp in every namespace.
 * @kernel net/ipv4/tcp_ipv4.c:2752 (v5.10)
 */
export function tcp4_proc_init(m: Machine): number {
	return register_pernet_subsys(m, tcp4_net_ops);
}

/**
 * Least receive buffer, bytes.
 * @kernel PORT: sysctl_rmem_offset
 */
export function tcp_rmem_min(net: net): number {
	return net.ipv4.sysctl_tcp_rmem[0];
}

/**
 * Least send buffer, bytes.
 * @kernel PORT: sysctl_wmem_offset
 */
export function tcp_wmem_min(net: net): number {
	return net.ipv4.sysctl_tcp_wmem[0];
}

/**
 * Makes a socket.
 * @kernel PORT: obj_size of struct proto
 */
function tcp_v4_alloc(net: net): sock {
	return new tcp_sock(net, tcp_prot);
}

export const tcp_prot: proto = {
	name: 'TCP',
	close: tcp_close,
	connect: tcp_v4_connect,
	disconnect: tcp_disconnect,
	accept: inet_csk_accept,
	init: tcp_v4_init_sock,
	destroy: tcp_v4_destroy_sock,
	shutdown: tcp_shutdown,
	setsockopt: tcp_setsockopt,
	getsockopt: tcp_getsockopt,
	keepalive: tcp_set_keepalive,
	recvmsg: tcp_recvmsg,
	sendmsg: tcp_sendmsg,
	sendpage: tcp_sendpage,
	backlog_rcv: tcp_v4_do_rcv,
	release_cb: tcp_release_cb,
	hash: inet_hash,
	unhash: inet_unhash,
	get_port: inet_csk_get_port,
	enter_memory_pressure: tcp_enter_memory_pressure,
	leave_memory_pressure: tcp_leave_memory_pressure,
	stream_memory_free: tcp_stream_memory_free,
	sockets_allocated: tcp_sockets_allocated,
	orphan_count: tcp_orphan_count,
	memory_allocated: tcp_memory_allocated,
	memory_pressure: tcp_memory_pressure,
	sysctl_mem: sysctl_tcp_mem,
	sysctl_wmem: tcp_wmem_min,
	sysctl_rmem: tcp_rmem_min,
	max_header: MAX_TCP_HEADER,
	no_autobind: true,
	alloc: tcp_v4_alloc,
	twsk_prot: tcp_timewait_sock_ops,
	rsk_prot: tcp_request_sock_ops,
	hashinfo: tcp_hashinfo,
	diag_destroy: tcp_abort,
};

/**
 * Ends the connections of a namespace that goes: those whose sockets are closed, in TIME_WAIT or still
 * on their way there.
 * @kernel PORT: in C every such socket keeps its namespace and is gone before
 */
function tcp_sk_pre_exit(net: net): void {
	const m = net.machine;

	for (const head of tcp_hashinfo.of(m).ehash) {
		let next = head.first;
		while (next !== null) {
			const sk: sock_common = next;
			next = sk.hnnode_next;
			if (sk.sk_net !== net || !sk_fullsock(sk) || !sock_flag(sk, SOCK_DEAD))
				continue;
			m.local_bh_disable();
			sock_hold(sk);
			tcp_done(sk);
			sock_put(sk);
			m.local_bh_enable();
		}
	}
}

/**
 * Ends TCP in a namespace.
 * @kernel net/ipv4/tcp_ipv4.c:2807 (v5.10)
 */
function tcp_sk_exit(net: net): void {
	inet_ctl_sock_destroy(net.ipv4.tcp_sk);
	net.ipv4.tcp_sk = null;
	inet_twsk_purge(tcp_hashinfo.of(net.machine), AF_INET, net);
}

/**
 * Starts TCP in a namespace; returns 0 or a negative errno.
 * @kernel net/ipv4/tcp_ipv4.c:2820 (v5.10)
 */
function tcp_sk_init(net: net): number {
	const m = net.machine;
	const sk = inet_ctl_sock_create(PF_INET, SOCK_RAW, IPPROTO_TCP, net);

	if (IS_ERR(sk)) return sk;
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);

	/* Resets and ACKs of small sockets go out with DF and id 0. */
	inet_sk(sk).pmtudisc = IP_PMTUDISC_DO;

	net.ipv4.tcp_sk = sk;
	net.ipv4.tcp_death_row.hashinfo = tcp_hashinfo.of(m);

	net.ipv4.tcp_congestion_control =
		net !== m.init_net ? m.init_net!.ipv4.tcp_congestion_control : tcp_reno.of(m);

	return 0;
}

const tcp_sk_ops: pernet_operations = {
	init: tcp_sk_init,
	pre_exit: tcp_sk_pre_exit,
	exit: tcp_sk_exit,
};

/**
 * Starts TCP over IPv4 on a machine, behind tcp_init().
 * @returns 0 or a negative errno
 * @kernel PORT: net/ipv4/tcp_ipv4.c:3005, with tcp4_proc_init() and tcp_congestion_default(), which are called later in C
 */
export function tcp_v4_init(m: Machine): number {
	let err = register_pernet_subsys(m, tcp_sk_ops);

	if (err !== 0) return err;
	err = tcp4_proc_init(m);
	if (err !== 0) return err;
	return tcp_congestion_default(m);
}
