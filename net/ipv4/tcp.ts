// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/tcp.c, base v5.10: what programs do with TCP sockets.
 *
 * PORT: calls do not sleep: a send that finds no room takes what it can, or answers -EAGAIN; so does a receive
 * that finds nothing. State changes, accounting and purging are in net/ipv4/tcp_lib.ts, below all of TCP.
 * tcp_v4_init() is called by net/ipv4/af_inet.ts, behind tcp_init().
 * Not ported: splice, zero copy, fast open, repair, ULP, MD5, MPTCP, receive timestamps, statistics of
 * timestamping, urgent data, ioctls.
 */
import {
	ICSK_ACK_PUSHED,
	ICSK_ACK_PUSHED2,
	inet_csk,
	inet_csk_ack_scheduled,
	inet_csk_delack_init,
	inet_csk_enter_pingpong_mode,
	inet_csk_exit_pingpong_mode,
	inet_csk_in_pingpong_mode,
} from '../../include/net/inet_connection_sock.ts';
import { inet_sk_state_load } from '../../include/net/inet_sock.ts';
import { inet_reqsk, reqsk_queue_empty } from '../../include/net/request_sock.ts';
import { inet_reset_saddr } from '../../include/net/ip.ts';
import { NET_INC_STATS } from '../../include/net/snmp.ts';
import {
	__sk_stream_is_writeable,
	RCV_SHUTDOWN,
	SEND_SHUTDOWN,
	SHUTDOWN_MASK,
	sk_fullsock,
	sk_mem_charge,
	sk_sockets_allocated_inc,
	sk_stream_memory_free,
	sk_wmem_queued_add,
	type sock,
	SOCK_BINDADDR_LOCK,
	type sock_common,
	SOCK_DEAD,
	SOCK_DONE,
	sock_error,
	sock_flag,
	sock_hold,
	SOCK_KEEPOPEN,
	SOCK_LINGER,
	SOCK_MIN_RCVBUF,
	sock_orphan,
	SOCK_RCVBUF_LOCK,
	sock_rcvlowat,
	sock_reset_flag,
	sock_set_flag,
	SOCK_USE_WRITE_QUEUE,
} from '../../include/net/sock.ts';
import {
	__TCP_CHRONO_MAX,
	after,
	before,
	jiffies_to_usecs,
	keepalive_intvl_when,
	keepalive_probes,
	keepalive_time_elapsed,
	keepalive_time_when,
	MAX_TCP_HEADER,
	MAX_TCP_KEEPCNT,
	MAX_TCP_KEEPIDLE,
	MAX_TCP_KEEPINTVL,
	MAX_TCP_SYNCNT,
	MAX_TCP_WINDOW,
	tcp_bound_to_half_wnd,
	TCP_CHRONO_BUSY,
	TCP_CHRONO_RWND_LIMITED,
	TCP_CHRONO_SNDBUF_LIMITED,
	TCP_DELACK_MAX,
	TCP_ECN_OK,
	TCP_ECN_SEEN,
	tcp_fin_time,
	TCP_FIN_TIMEOUT_MAX,
	TCP_INFINITE_SSTHRESH,
	TCP_INIT_CWND,
	tcp_inq,
	tcp_is_sack,
	tcp_jiffies32,
	TCP_MIN_MSS,
	tcp_min_rtt,
	TCP_NAGLE_CORK,
	TCP_NAGLE_OFF,
	TCP_NAGLE_PUSH,
	tcp_receive_window,
	tcp_rmem_pressure,
	TCP_RTO_MAX,
	TCP_RTO_MIN,
	tcp_rtx_and_write_queues_empty,
	tcp_rtx_queue_empty,
	tcp_send_head,
	tcp_set_ca_state,
	tcp_skb_can_collapse_to,
	TCP_SKB_CB,
	tcp_skb_pcount_set,
	tcp_time_stamp_raw,
	TCP_TIMEOUT_INIT,
	TCP_TIMEWAIT_LEN,
	tcp_win_from_space,
	tcp_write_queue_empty,
	tcp_write_queue_tail,
} from '../../include/net/tcp.ts';
import {
	TCP_CLOSE,
	TCP_CLOSING,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_LAST_ACK,
	TCP_LISTEN,
	TCP_NEW_SYN_RECV,
	TCP_SYN_RECV,
	TCP_SYN_SENT,
	TCPF_CLOSE,
	TCPF_CLOSE_WAIT,
	TCPF_CLOSING,
	TCPF_ESTABLISHED,
	TCPF_FIN_WAIT1,
	TCPF_FIN_WAIT2,
	TCPF_LAST_ACK,
	TCPF_LISTEN,
	TCPF_SYN_RECV,
	TCPF_SYN_SENT,
} from '../../include/net/tcp_states.ts';
import { htons } from '../../include/linux/byteorder/generic.ts';
import {
	HZ,
	jiffies_to_msecs,
	type Machine,
	USEC_PER_SEC,
	WARN_ON,
} from '../../include/linux/machine.ts';
import {
	EPOLLERR,
	EPOLLHUP,
	EPOLLIN,
	EPOLLOUT,
	EPOLLRDHUP,
	EPOLLRDNORM,
	EPOLLWRNORM,
	SOCK_NOSPACE,
	type socket,
} from '../../include/linux/net.ts';
import { get_page, type page, put_page } from '../../include/linux/mm.ts';
import { NETIF_F_GSO, NETIF_F_SG } from '../../include/linux/netdev_features.ts';
import {
	__skb_dequeue,
	__skb_header_release,
	CHECKSUM_PARTIAL,
	MAX_SKB_FRAGS,
	type sk_buff,
	skb_queue_empty,
	skb_shinfo,
	SKBTX_SHARED_FRAG,
} from '../../include/linux/skbuff.ts';
import {
	msg_data_left,
	MSG_EOR,
	MSG_ERRQUEUE,
	MSG_MORE,
	MSG_OOB,
	MSG_PEEK,
	MSG_SENDPAGE_NOTLAST,
	MSG_TRUNC,
	MSG_WAITALL,
	msghdr,
	SOCK_STREAM,
	type sockopt_result,
	type sockopt_value,
	SOL_TCP,
} from '../../include/linux/socket.ts';
import { tcp_sk, type tcp_sock, TSQF_THROTTLED } from '../../include/linux/tcp.ts';
import { minmax_reset } from '../../include/linux/win_minmax.ts';
import {
	EAGAIN,
	ECONNRESET,
	EFAULT,
	EINVAL,
	ENOPROTOOPT,
	ENOTCONN,
	EOPNOTSUPP,
	EPIPE,
} from '../../include/uapi/linux/errno.ts';
import {
	LINUX_MIB_TCPABORTONCLOSE,
	LINUX_MIB_TCPABORTONDATA,
	LINUX_MIB_TCPABORTONLINGER,
	LINUX_MIB_TCPABORTONMEMORY,
	LINUX_MIB_TCPAUTOCORKING,
} from '../../include/uapi/linux/snmp.ts';
import {
	TCP_CA_Open,
	TCP_CONGESTION,
	TCP_CORK,
	TCP_DEFER_ACCEPT,
	tcp_info,
	TCP_INFO,
	TCP_KEEPCNT,
	TCP_KEEPIDLE,
	TCP_KEEPINTVL,
	TCP_LINGER2,
	TCP_MAXSEG,
	TCP_MSS_DEFAULT,
	TCP_NODELAY,
	TCP_NOTSENT_LOWAT,
	TCP_QUICKACK,
	TCP_SYNCNT,
	TCP_THIN_DUPACK,
	TCP_THIN_LINEAR_TIMEOUTS,
	TCP_TIMESTAMP,
	TCP_USER_TIMEOUT,
	TCP_WINDOW_CLAMP,
	TCPHDR_ACK,
	TCPHDR_FIN,
	TCPHDR_PSH,
	TCPI_OPT_ECN,
	TCPI_OPT_ECN_SEEN,
	TCPI_OPT_SACK,
	TCPI_OPT_TIMESTAMPS,
	TCPI_OPT_WSCALE,
} from '../../include/uapi/linux/tcp.ts';
import { dst_release } from '../../include/net/dst.ts';
import { skb_copy_datagram_msg } from '../core/datagram.ts';
import {
	__kfree_skb,
	__skb_queue_purge,
	skb_can_coalesce,
	skb_fill_page_desc,
} from '../core/skbuff.ts';
import {
	__release_sock,
	__sk_dst_reset,
	lock_sock,
	lock_sock_fast,
	release_sock,
	sk_eat_skb,
	sk_flush_backlog,
	sk_mem_reclaim,
	sk_page_frag,
	sk_page_frag_refill,
	sk_wmem_free_skb,
	sk_wmem_schedule,
	skb_copy_to_page_nocache,
	sock_put,
	unlock_sock_fast,
} from '../core/sock.ts';
import {
	sk_stream_error,
	sk_stream_wait_connect,
	sk_stream_wait_memory,
	sk_stream_write_space,
} from '../core/stream.ts';
import { inet_recv_error } from './inet_common.ts';
import { inet_csk_destroy_sock } from './inet_hashtables.ts';
import {
	inet_csk_listen_stop,
	inet_csk_reqsk_queue_drop,
	inet_csk_reset_keepalive_timer,
} from './inet_connection_sock.ts';
import {
	tcp_assign_congestion_control,
	tcp_register_congestion_control,
	tcp_reno,
	tcp_set_congestion_control,
} from './tcp_cong.ts';
import { cubictcp_register } from './tcp_cubic.ts';
import {
	sk_stream_alloc_skb,
	tcp_add_write_queue_tail,
	tcp_check_oom,
	tcp_chrono_stop,
	tcp_clear_retrans,
	tcp_clear_xmit_timers,
	tcp_done,
	tcp_orphan_count,
	tcp_set_state,
	tcp_time_wait,
	tcp_unlink_write_queue,
	tcp_write_queue_purge,
} from './tcp_lib.ts';
import {
	__tcp_push_pending_frames,
	__tcp_select_window,
	tcp_current_mss,
	tcp_push_one,
	tcp_push_pending_frames,
	tcp_send_ack,
	tcp_send_active_reset,
	tcp_send_fin,
	tcp_slow_start_after_idle_check,
	tcp_sync_mss,
} from './tcp_output.ts';
import { tcp_rate_check_app_limited } from './tcp_rate.ts';
import { tcp_data_ready, tcp_rcv_space_adjust } from './tcp_input.ts';
import { tcp_init_xmit_timers } from './tcp_timer.ts';

const INT_MAX = 0x7fffffff;

/**
 * Time in seconds as a number of retransmissions with back-off; timeout and rto_max in seconds.
 * @kernel net/ipv4/tcp.c:355 (v5.10)
 */
function secs_to_retrans(seconds: number, timeout: number, rto_max: number): number {
	let res = 0;

	if (seconds > 0) {
		let period = timeout;

		res = 1;
		while (seconds > period && res < 255) {
			res++;
			timeout = Math.min(timeout * 2, rto_max);
			period += timeout;
		}
	}
	return res;
}

/**
 * Seconds that a number of retransmissions with back-off takes.
 * @kernel net/ipv4/tcp.c:375 (v5.10)
 */
function retrans_to_secs(retrans: number, timeout: number, rto_max: number): number {
	let period = 0;

	if (retrans > 0) {
		period = timeout;
		while (--retrans > 0) {
			timeout = Math.min(timeout * 2, rto_max);
			period += timeout;
		}
	}
	return period;
}

/**
 * Delivery rate, bytes a second; 0 when there was no sample.
 * @kernel net/ipv4/tcp.c:391 (v5.10)
 */
function tcp_compute_delivery_rate(tp: tcp_sock): number {
	const rate = tp.rate_delivered;
	const intv = tp.rate_interval_us;

	if (rate !== 0 && intv !== 0) return Math.floor((rate * tp.mss_cache * USEC_PER_SEC) / intv);
	return 0;
}

/**
 * Sets a new socket up, for both families.
 * @kernel net/ipv4/tcp.c:409 (v5.10)
 */
export function tcp_init_sock(sk: sock): void {
	const tp = tcp_sk(sk);
	const { ipv4 } = sk.sk_net;

	tcp_init_xmit_timers(sk);

	tp.icsk_rto = TCP_TIMEOUT_INIT;
	tp.icsk_rto_min = TCP_RTO_MIN;
	tp.icsk_delack_max = TCP_DELACK_MAX;
	tp.mdev_us = jiffies_to_usecs(TCP_TIMEOUT_INIT);
	minmax_reset(tp.rtt_min, tcp_jiffies32(sk), 0xffffffff);

	tp.snd_cwnd = TCP_INIT_CWND;

	tp.app_limited = 0xffffffff;

	tp.snd_ssthresh = TCP_INFINITE_SSTHRESH;
	tp.snd_cwnd_clamp = 0xffffffff;
	tp.mss_cache = TCP_MSS_DEFAULT;

	tp.reordering = ipv4.sysctl_tcp_reordering;
	tcp_assign_congestion_control(sk);

	tp.tsoffset = 0;
	tp.rack.reo_wnd_steps = 1;

	sk.sk_write_space = sk_stream_write_space;
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);

	tp.icsk_sync_mss = tcp_sync_mss;

	sk.sk_sndbuf = ipv4.sysctl_tcp_wmem[1];
	sk.sk_rcvbuf = ipv4.sysctl_tcp_rmem[1];

	sk_sockets_allocated_inc(sk);
	sk.sk_route_forced_caps = NETIF_F_GSO;
}

/**
 * Tells whether there is enough to read.
 * @kernel net/ipv4/tcp.c:478 (v5.10)
 */
function tcp_stream_is_readable(tp: tcp_sock, target: number, sk: sock): boolean {
	const avail = (tp.rcv_nxt - tp.copied_seq) | 0;

	if (avail > 0) {
		if (avail >= target) return true;
		if (tcp_rmem_pressure(sk)) return true;
		if (tcp_receive_window(tp) <= tp.icsk_ack.rcv_mss) return true;
	}
	return false;
}

/**
 * What a program can do with the socket without waiting; EPOLL* bits.
 * @kernel net/ipv4/tcp.c:503 (v5.10)
 */
export function tcp_poll(sock: socket): number {
	const sk = sock.sk!;
	const tp = tcp_sk(sk);
	const state = inet_sk_state_load(sk);

	if (state === TCP_LISTEN)
		return reqsk_queue_empty(tp.icsk_accept_queue) ? 0 : EPOLLIN | EPOLLRDNORM;

	let mask = 0;

	if (sk.sk_shutdown === SHUTDOWN_MASK || state === TCP_CLOSE) mask |= EPOLLHUP;
	if ((sk.sk_shutdown & RCV_SHUTDOWN) !== 0) mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;

	if (state !== TCP_SYN_SENT && state !== TCP_SYN_RECV) {
		const target = sock_rcvlowat(sk, false, INT_MAX);

		if (tcp_stream_is_readable(tp, target, sk)) mask |= EPOLLIN | EPOLLRDNORM;

		if ((sk.sk_shutdown & SEND_SHUTDOWN) !== 0 || __sk_stream_is_writeable(sk, 1))
			mask |= EPOLLOUT | EPOLLWRNORM;
		else if (sk.sk_socket !== null) sk.sk_socket.flags |= 1 << SOCK_NOSPACE;
	}
	if (sk.sk_err !== 0 || !skb_queue_empty(sk.sk_error_queue)) mask |= EPOLLERR;

	return mask;
}

/**
 * Marks a packet as the end of what was written.
 * @kernel net/ipv4/tcp.c:651 (v5.10)
 */
function tcp_mark_push(tp: tcp_sock, skb: sk_buff): void {
	TCP_SKB_CB(skb).tcp_flags |= TCPHDR_PSH;
	tp.pushed_seq = tp.write_seq;
}

/**
 * Tells whether half a window was written since the last push.
 * @kernel net/ipv4/tcp.c:657 (v5.10)
 */
function forced_push(tp: tcp_sock): boolean {
	return after(tp.write_seq, (tp.pushed_seq + (tp.max_window >>> 1)) >>> 0);
}

/**
 * Puts an empty packet behind the write queue.
 * @kernel net/ipv4/tcp.c:662 (v5.10)
 */
function skb_entail(sk: sock, skb: sk_buff): void {
	const tp = tcp_sk(sk);
	const tcb = TCP_SKB_CB(skb);

	skb.csum = 0;
	tcb.seq = tp.write_seq;
	tcb.end_seq = tp.write_seq;
	tcb.tcp_flags = TCPHDR_ACK;
	tcb.sacked = 0;
	__skb_header_release(skb);
	tcp_add_write_queue_tail(sk, skb);
	sk_wmem_queued_add(sk, skb.truesize);
	sk_mem_charge(sk, skb.truesize);
	if ((tp.nonagle & TCP_NAGLE_PUSH) !== 0) tp.nonagle &= ~TCP_NAGLE_PUSH;

	tcp_slow_start_after_idle_check(sk);
}

/**
 * Tells whether a packet that is not full waits for the ones before it to leave the host.
 * @kernel net/ipv4/tcp.c:697 (v5.10)
 */
function tcp_should_autocork(sk: sock, skb: sk_buff, size_goal: number): boolean {
	return (
		skb.len < size_goal &&
		sk.sk_net.ipv4.sysctl_tcp_autocorking !== 0 &&
		!tcp_rtx_queue_empty(sk) &&
		sk.sk_wmem_alloc > skb.truesize
	);
}

/**
 * Sends what was written, as far as it may go.
 * @kernel net/ipv4/tcp.c:706 (v5.10)
 */
export function tcp_push(
	sk: sock,
	flags: number,
	mss_now: number,
	nonagle: number,
	size_goal: number,
): void {
	const tp = tcp_sk(sk);
	const skb = tcp_write_queue_tail(sk);

	if (skb === null) return;
	if ((flags & MSG_MORE) === 0 || forced_push(tp)) tcp_mark_push(tp, skb);

	if (tcp_should_autocork(sk, skb, size_goal)) {
		if ((sk.sk_tsq_flags & TSQF_THROTTLED) === 0) {
			NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPAUTOCORKING);
			sk.sk_tsq_flags |= TSQF_THROTTLED;
		}
		return;
	}

	if ((flags & MSG_MORE) !== 0) nonagle = TCP_NAGLE_CORK;

	__tcp_push_pending_frames(sk, mss_now, nonagle);
}

/**
 * Payload bytes that a packet is filled up to.
 * @kernel net/ipv4/tcp.c:916 (v5.10)
 */
function tcp_xmit_size_goal(sk: sock, mss_now: number, large_allowed: boolean): number {
	const tp = tcp_sk(sk);

	if (!large_allowed) return mss_now;

	const new_size_goal = tcp_bound_to_half_wnd(tp, (sk.sk_gso_max_size - 1 - MAX_TCP_HEADER) >>> 0);

	let size_goal = tp.gso_segs * mss_now;
	if (new_size_goal < size_goal || new_size_goal >= size_goal + mss_now) {
		tp.gso_segs = Math.min(Math.floor(new_size_goal / mss_now) & 0xffff, sk.sk_gso_max_segs);
		size_goal = tp.gso_segs * mss_now;
	}

	return Math.max(size_goal, mss_now);
}

/**
 * Segment size now; the size goal is tcp_xmit_size_goal() of it.
 * @kernel net/ipv4/tcp.c:941 (v5.10)
 */
export function tcp_send_mss(sk: sock): number {
	return tcp_current_mss(sk);
}

/**
 * Takes a packet off the write queue that got no payload.
 * @kernel net/ipv4/tcp.c:957 (v5.10)
 */
function tcp_remove_empty_skb(sk: sock, skb: sk_buff | null): void {
	if (skb !== null && skb.len === 0) {
		tcp_unlink_write_queue(skb, sk);
		if (tcp_write_queue_empty(sk)) tcp_chrono_stop(sk, TCP_CHRONO_BUSY);
		sk_wmem_free_skb(sk, skb);
	}
}

/**
 * Takes part of a page to be sent, by reference; the socket is owned. PORT: nobody says that a page is not shared
 * (MSG_NO_SHARED_FRAGS).
 * @param flags MSG_*
 * @returns bytes taken, or a negative errno: -EAGAIN, -EPIPE, the connection's error
 * @kernel net/ipv4/tcp.c:967 (v5.10)
 */
export function do_tcp_sendpages(
	sk: sock,
	page: page,
	offset: number,
	size: number,
	flags: number,
): number {
	const tp = tcp_sk(sk);
	let copied = 0;
	let mss_now = 0;
	let size_goal = 0;
	let err: number;

	out: {
		out_err: {
			if (((1 << sk.sk_state) & ~(TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)) !== 0) {
				err = sk_stream_wait_connect(sk, 0);
				if (err !== 0) break out_err;
			}

			mss_now = tcp_send_mss(sk);
			size_goal = tcp_xmit_size_goal(sk, mss_now, (flags & MSG_OOB) === 0);

			err = -EPIPE;
			if (sk.sk_err !== 0 || (sk.sk_shutdown & SEND_SHUTDOWN) !== 0) break out_err;

			let new_segment = false;
			while (size > 0) {
				let copy = 0;
				let skb = tcp_write_queue_tail(sk);

				wait_for_space: {
					if (skb !== null) copy = size_goal - skb.len;

					if (
						new_segment ||
						skb === null ||
						copy <= 0 ||
						!tcp_skb_can_collapse_to(skb)
					) {
						new_segment = false;
						if (!sk_stream_memory_free(sk)) break wait_for_space;

						const first_skb = tcp_rtx_and_write_queues_empty(sk);
						skb = sk_stream_alloc_skb(sk, 0, first_skb);
						if (skb === null) break wait_for_space;

						skb_entail(sk, skb);
						copy = size_goal;
					}

					if (copy > size) copy = size;

					const shinfo = skb_shinfo(skb);
					const i = shinfo.nr_frags;
					const can_coalesce = skb_can_coalesce(skb, i, page, offset);
					if (!can_coalesce && i >= MAX_SKB_FRAGS) {
						tcp_mark_push(tp, skb);
						new_segment = true;
						continue;
					}
					if (!sk_wmem_schedule(sk, copy)) break wait_for_space;

					if (can_coalesce) {
						shinfo.frags[i - 1].bv_len += copy;
					} else {
						get_page(page);
						skb_fill_page_desc(skb, i, page, offset, copy);
					}

					shinfo.tx_flags |= SKBTX_SHARED_FRAG;

					skb.len += copy;
					skb.data_len += copy;
					skb.truesize += copy;
					sk_wmem_queued_add(sk, copy);
					sk_mem_charge(sk, copy);
					skb.ip_summed = CHECKSUM_PARTIAL;
					tp.write_seq = (tp.write_seq + copy) >>> 0;
					const tcb = TCP_SKB_CB(skb);
					tcb.end_seq = (tcb.end_seq + copy) >>> 0;
					tcp_skb_pcount_set(skb, 0);

					if (copied === 0) tcb.tcp_flags &= ~TCPHDR_PSH;

					copied += copy;
					offset += copy;
					size -= copy;
					if (size === 0) break out;

					if (skb.len < size_goal || (flags & MSG_OOB) !== 0) continue;

					if (forced_push(tp)) {
						tcp_mark_push(tp, skb);
						__tcp_push_pending_frames(sk, mss_now, TCP_NAGLE_PUSH);
					} else if (skb === tcp_send_head(sk)) {
						tcp_push_one(sk, mss_now);
					}
					continue;
				}

				sk.sk_socket!.flags |= 1 << SOCK_NOSPACE;
				tcp_push(sk, flags & ~MSG_MORE, mss_now, TCP_NAGLE_PUSH, size_goal);

				err = sk_stream_wait_memory(sk, 0);
				if (err !== 0) {
					tcp_remove_empty_skb(sk, tcp_write_queue_tail(sk));
					if (copied !== 0) break out;
					break out_err;
				}

				mss_now = tcp_send_mss(sk);
				size_goal = tcp_xmit_size_goal(sk, mss_now, (flags & MSG_OOB) === 0);
			}
			break out;
		}

		if (tcp_rtx_and_write_queues_empty(sk) && err === -EAGAIN) {
			sk.sk_write_space(sk);
			tcp_chrono_stop(sk, TCP_CHRONO_SNDBUF_LIMITED);
		}
		return sk_stream_error(sk, flags, err);
	}

	if (copied !== 0 && (flags & MSG_SENDPAGE_NOTLAST) === 0)
		tcp_push(sk, flags, mss_now, tp.nonagle, size_goal);
	return copied;
}

/**
 * Takes part of a page to be sent; the socket is owned.
 * PORT: where the device cannot gather, the bytes go the way of tcp_sendmsg(), as sock_no_sendpage_locked() would send them.
 * @returns bytes taken or a negative errno
 * @kernel net/ipv4/tcp.c:1109 (v5.10)
 */
export function tcp_sendpage_locked(
	sk: sock,
	page: page,
	offset: number,
	size: number,
	flags: number,
): number {
	if ((sk.sk_route_caps & NETIF_F_SG) === 0) {
		const msg = new msghdr(page.data.subarray(offset, offset + size));
		msg.flags = flags;
		return tcp_sendmsg_locked(sk, msg, size);
	}

	tcp_rate_check_app_limited(sk);

	return do_tcp_sendpages(sk, page, offset, size, flags);
}

/**
 * Takes part of a page to be sent, by reference where the device can gather.
 * @returns bytes taken or a negative errno
 * @kernel net/ipv4/tcp.c:1121 (v5.10)
 */
export function tcp_sendpage(
	sk: sock,
	page: page,
	offset: number,
	size: number,
	flags: number,
): number {
	lock_sock(sk);
	const ret = tcp_sendpage_locked(sk, page, offset, size, flags);
	release_sock(sk);

	return ret;
}

/**
 * Takes bytes to be sent; the socket is owned.
 * @returns bytes taken, or a negative errno: -EAGAIN, -EPIPE, the connection's error
 * @kernel net/ipv4/tcp.c:1189 (v5.10)
 */
export function tcp_sendmsg_locked(sk: sock, msg: msghdr, _size: number): number {
	const tp = tcp_sk(sk);
	const { flags } = msg;
	let copied = 0;
	let process_backlog = 0;
	let mss_now = 0;
	let size_goal = 0;
	let err: number;

	tcp_rate_check_app_limited(sk);

	out: {
		do_error: {
			if (((1 << sk.sk_state) & ~(TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)) !== 0) {
				err = sk_stream_wait_connect(sk, 0);
				if (err !== 0) break do_error;
			}

			mss_now = tcp_send_mss(sk);
			size_goal = tcp_xmit_size_goal(sk, mss_now, true);

			err = -EPIPE;
			if (sk.sk_err !== 0 || (sk.sk_shutdown & SEND_SHUTDOWN) !== 0) break do_error;

			let new_segment = false;
			while (msg_data_left(msg) > 0) {
				let copy = 0;
				let skb = tcp_write_queue_tail(sk);

				wait_for_space: {
					if (skb !== null) copy = size_goal - skb.len;

					if (
						new_segment ||
						skb === null ||
						copy <= 0 ||
						!tcp_skb_can_collapse_to(skb)
					) {
						new_segment = false;
						if (!sk_stream_memory_free(sk)) break wait_for_space;

						if (process_backlog >= 16) {
							process_backlog = 0;
							if (sk_flush_backlog(sk)) {
								mss_now = tcp_send_mss(sk);
								size_goal = tcp_xmit_size_goal(sk, mss_now, true);

								err = -EPIPE;
								if (
									sk.sk_err !== 0 ||
									(sk.sk_shutdown & SEND_SHUTDOWN) !== 0
								)
									break do_error;
								continue;
							}
						}
						const first_skb = tcp_rtx_and_write_queues_empty(sk);
						skb = sk_stream_alloc_skb(sk, 0, first_skb);
						if (skb === null) break wait_for_space;

						process_backlog++;
						skb.ip_summed = CHECKSUM_PARTIAL;

						skb_entail(sk, skb);
						copy = size_goal;
					}

					if (copy > msg_data_left(msg)) copy = msg_data_left(msg);

					/* The payload is always in fragments. */
					const shinfo = skb_shinfo(skb);
					const i = shinfo.nr_frags;
					const pfrag = sk_page_frag(sk);
					let merge = true;

					if (!sk_page_frag_refill(sk, pfrag)) break wait_for_space;

					if (!skb_can_coalesce(skb, i, pfrag.page!, pfrag.offset)) {
						if (i >= MAX_SKB_FRAGS) {
							tcp_mark_push(tp, skb);
							new_segment = true;
							continue;
						}
						merge = false;
					}

					copy = Math.min(copy, pfrag.size - pfrag.offset);

					if (!sk_wmem_schedule(sk, copy)) break wait_for_space;

					err = skb_copy_to_page_nocache(
						sk,
						msg,
						skb,
						pfrag.page!,
						pfrag.offset,
						copy,
					);
					if (err !== 0) break do_error;

					if (merge) {
						shinfo.frags[i - 1].bv_len += copy;
					} else {
						skb_fill_page_desc(skb, i, pfrag.page!, pfrag.offset, copy);
						get_page(pfrag.page!);
					}
					pfrag.offset += copy;

					const tcb = TCP_SKB_CB(skb);
					if (copied === 0) tcb.tcp_flags &= ~TCPHDR_PSH;

					tp.write_seq = (tp.write_seq + copy) >>> 0;
					tcb.end_seq = (tcb.end_seq + copy) >>> 0;
					tcp_skb_pcount_set(skb, 0);

					copied += copy;
					if (msg_data_left(msg) === 0) {
						if ((flags & MSG_EOR) !== 0) tcb.eor = true;
						break out;
					}

					if (skb.len < size_goal) continue;

					if (forced_push(tp)) {
						tcp_mark_push(tp, skb);
						__tcp_push_pending_frames(sk, mss_now, TCP_NAGLE_PUSH);
					} else if (skb === tcp_send_head(sk)) {
						tcp_push_one(sk, mss_now);
					}
					continue;
				}

				if (sk.sk_socket !== null) sk.sk_socket.flags |= 1 << SOCK_NOSPACE;
				if (copied !== 0)
					tcp_push(sk, flags & ~MSG_MORE, mss_now, TCP_NAGLE_PUSH, size_goal);

				err = sk_stream_wait_memory(sk, 0);
				if (err !== 0) break do_error;

				mss_now = tcp_send_mss(sk);
				size_goal = tcp_xmit_size_goal(sk, mss_now, true);
			}
			break out;
		}

		tcp_remove_empty_skb(sk, tcp_write_queue_tail(sk));

		if (copied !== 0) break out;

		err = sk_stream_error(sk, flags, err);
		if (tcp_rtx_and_write_queues_empty(sk) && err === -EAGAIN) {
			sk.sk_write_space(sk);
			tcp_chrono_stop(sk, TCP_CHRONO_SNDBUF_LIMITED);
		}
		return err;
	}

	if (copied !== 0) tcp_push(sk, flags, mss_now, tp.nonagle, size_goal);
	return copied;
}

/**
 * Takes bytes to be sent; returns how many, or a negative errno.
 * @kernel net/ipv4/tcp.c:1439 (v5.10)
 */
export function tcp_sendmsg(sk: sock, msg: msghdr, size: number): number {
	lock_sock(sk);
	const ret = tcp_sendmsg_locked(sk, msg, size);
	release_sock(sk);

	return ret;
}

/**
 * Sends an ACK when what was read makes one due, or opens the window enough.
 * @param copied bytes read
 * @kernel net/ipv4/tcp.c:1531 (v5.10)
 */
export function tcp_cleanup_rbuf(sk: sock, copied: number): void {
	const tp = tcp_sk(sk);
	const ack = tp.icsk_ack;
	let time_to_ack = false;

	const skb = sk.sk_receive_queue.first;
	WARN_ON(
		sk.machine,
		skb !== null && !before(tp.copied_seq, TCP_SKB_CB(skb).end_seq),
		'tcp_cleanup_rbuf',
		'packet that was read is in the queue',
	);

	if (inet_csk_ack_scheduled(sk)) {
		if (
			(tp.rcv_nxt - tp.rcv_wup) >>> 0 > ack.rcv_mss ||
			/* Or the reader emptied the buffer, and a small segment was in it. */
			(copied > 0 &&
				((ack.pending & ICSK_ACK_PUSHED2) !== 0 ||
					((ack.pending & ICSK_ACK_PUSHED) !== 0 && !inet_csk_in_pingpong_mode(sk))) &&
				sk.sk_rmem_alloc === 0)
		)
			time_to_ack = true;
	}

	if (copied > 0 && !time_to_ack && (sk.sk_shutdown & RCV_SHUTDOWN) === 0) {
		const rcv_window_now = tcp_receive_window(tp);

		if (2 * rcv_window_now <= tp.window_clamp) {
			const new_window = __tcp_select_window(sk);

			if (new_window !== 0 && new_window >= 2 * rcv_window_now) time_to_ack = true;
		}
	}
	if (time_to_ack) tcp_send_ack(sk);
}

/**
 * Bytes that can be read now.
 * @kernel net/ipv4/tcp.c:1694 (v5.10)
 */
export function tcp_peek_len(sock: socket): number {
	return tcp_inq(sock.sk!);
}

/**
 * Sets SO_RCVLOWAT, and makes the receive buffer large enough for it; returns 0.
 * @kernel net/ipv4/tcp.c:1701 (v5.10)
 */
export function tcp_set_rcvlowat(sk: sock, val: number): number {
	const cap =
		(sk.sk_userlocks & SOCK_RCVBUF_LOCK) !== 0
			? sk.sk_rcvbuf >> 1
			: sk.sk_net.ipv4.sysctl_tcp_rmem[2] >> 1;

	val = Math.min(val, cap);
	sk.sk_rcvlowat = val || 1;

	tcp_data_ready(sk);

	if ((sk.sk_userlocks & SOCK_RCVBUF_LOCK) !== 0) return 0;

	val *= 2;
	if (val > sk.sk_rcvbuf) {
		sk.sk_rcvbuf = val;
		tcp_sk(sk).window_clamp = tcp_win_from_space(sk, val);
	}
	return 0;
}

/**
 * Gives bytes that arrived to the program.
 * @param len bytes at most
 * @param flags MSG_PEEK, MSG_TRUNC (throw away), MSG_WAITALL has no effect as nothing waits
 * @returns bytes; 0 at the end of the stream; -EAGAIN, -ENOTCONN or the connection's error
 * @kernel net/ipv4/tcp.c:2016 (v5.10)
 */
export function tcp_recvmsg(
	sk: sock,
	msg: msghdr,
	len: number,
	_nonblock: boolean,
	flags: number,
): number {
	const tp = tcp_sk(sk);
	const peek = (flags & MSG_PEEK) !== 0;
	let copied = 0;

	if ((flags & MSG_ERRQUEUE) !== 0) return inet_recv_error(sk, msg, len);

	if ((flags & MSG_OOB) !== 0) return -EINVAL;

	lock_sock(sk);

	if (sk.sk_state === TCP_LISTEN) {
		release_sock(sk);
		return -ENOTCONN;
	}

	let seq = tp.copied_seq;
	const target = sock_rcvlowat(sk, (flags & MSG_WAITALL) !== 0, len);

	do {
		let offset = 0;
		let found_fin = false;
		let skb: sk_buff | null = sk.sk_receive_queue.first;

		for (; skb !== null; skb = skb.next) {
			const cb = TCP_SKB_CB(skb);

			if (
				WARN_ON(sk.machine, before(seq, cb.seq), 'tcp_recvmsg', 'hole in the receive queue')
			) {
				skb = null;
				break;
			}

			offset = (seq - cb.seq) >>> 0;
			if (offset < skb.len) break;
			if ((cb.tcp_flags & TCPHDR_FIN) !== 0) {
				found_fin = true;
				break;
			}
			WARN_ON(sk.machine, !peek, 'tcp_recvmsg', 'packet that was read is in the queue');
		}

		if (skb === null) {
			if (copied >= target && sk.sk_backlog.tail === null) break;

			if (copied === 0) {
				if (sock_flag(sk, SOCK_DONE)) break;

				if (sk.sk_err !== 0) {
					copied = sock_error(sk);
					break;
				}

				if ((sk.sk_shutdown & RCV_SHUTDOWN) !== 0) break;

				if (sk.sk_state === TCP_CLOSE) {
					/* It was never connected. */
					copied = -ENOTCONN;
					break;
				}
			}

			/* PORT: instead of a wait: what is on the backlog now may be what is asked for. */
			if (sk.sk_backlog.tail === null) {
				if (copied === 0) copied = -EAGAIN;
				break;
			}
			tcp_cleanup_rbuf(sk, copied);
			release_sock(sk);
			lock_sock(sk);
			continue;
		}

		if (!found_fin) {
			const used = Math.min(skb.len - offset, len);

			if ((flags & MSG_TRUNC) === 0) {
				const err = skb_copy_datagram_msg(skb, offset, msg, used);
				if (err !== 0) {
					if (copied === 0) copied = -EFAULT;
					break;
				}
			}

			seq = (seq + used) >>> 0;
			if (!peek) tp.copied_seq = seq;
			copied += used;
			len -= used;

			tcp_rcv_space_adjust(sk);

			if (used + offset < skb.len) continue;

			if ((TCP_SKB_CB(skb).tcp_flags & TCPHDR_FIN) === 0) {
				if (!peek) sk_eat_skb(sk, skb);
				continue;
			}
		}

		/* The FIN. */
		seq = (seq + 1) >>> 0;
		if (!peek) {
			tp.copied_seq = seq;
			sk_eat_skb(sk, skb);
		}
		break;
	} while (len > 0);

	tcp_cleanup_rbuf(sk, copied);

	release_sock(sk);

	return copied;
}

const TCP_STATE_MASK = 0xf;
const TCP_ACTION_FIN = 1 << 7;

/** By state: the state that closing leads to, and whether a FIN is sent. */
const new_state: readonly number[] = [
	TCP_CLOSE,
	TCP_FIN_WAIT1 | TCP_ACTION_FIN,
	TCP_CLOSE,
	TCP_FIN_WAIT1 | TCP_ACTION_FIN,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_CLOSE,
	TCP_CLOSE,
	TCP_LAST_ACK | TCP_ACTION_FIN,
	TCP_LAST_ACK,
	TCP_CLOSE,
	TCP_CLOSING,
	TCP_CLOSE,
];

/**
 * Goes to the state that closing leads to; tells whether a FIN is to be sent.
 * @kernel net/ipv4/tcp.c:2359 (v5.10)
 */
function tcp_close_state(sk: sock): boolean {
	const next = new_state[sk.sk_state];

	tcp_set_state(sk, next & TCP_STATE_MASK);

	return (next & TCP_ACTION_FIN) !== 0;
}

/**
 * Ends sending: a FIN follows what was written.
 * @kernel net/ipv4/tcp.c:2374 (v5.10)
 */
export function tcp_shutdown(sk: sock, how: number): void {
	if ((how & SEND_SHUTDOWN) === 0) return;

	if (
		((1 << sk.sk_state) &
			(TCPF_ESTABLISHED | TCPF_SYN_SENT | TCPF_SYN_RECV | TCPF_CLOSE_WAIT)) !==
			0 &&
		tcp_close_state(sk)
	)
		tcp_send_fin(sk);
}

/**
 * The program closes its socket: the connection is ended, or reset when there is unread data.
 * @kernel net/ipv4/tcp.c:2408 (v5.10)
 */
export function tcp_close(sk: sock, _timeout: number): void {
	const m = sk.machine;
	let skb: sk_buff | null;

	lock_sock(sk);
	sk.sk_shutdown = SHUTDOWN_MASK;

	if (sk.sk_state === TCP_LISTEN) {
		tcp_set_state(sk, TCP_CLOSE);

		inet_csk_listen_stop(sk);
	} else {
		let data_was_unread = 0;

		while ((skb = __skb_dequeue(sk.sk_receive_queue)) !== null) {
			const cb = TCP_SKB_CB(skb);

			data_was_unread += (cb.end_seq - cb.seq) >>> 0;
			if ((cb.tcp_flags & TCPHDR_FIN) !== 0) data_was_unread--;
			__kfree_skb(skb);
		}

		sk_mem_reclaim(sk);

		if (sk.sk_state !== TCP_CLOSE) {
			if (data_was_unread !== 0) {
				NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPABORTONCLOSE);
				tcp_set_state(sk, TCP_CLOSE);
				tcp_send_active_reset(sk);
			} else if (sock_flag(sk, SOCK_LINGER) && sk.sk_lingertime === 0) {
				sk.sk_prot.disconnect!(sk, 0);
				NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPABORTONDATA);
			} else if (tcp_close_state(sk)) {
				tcp_send_fin(sk);
			}
		}
	}

	const state: number = sk.sk_state;
	sock_hold(sk);
	sock_orphan(sk);

	m.local_bh_disable();
	__release_sock(sk);

	tcp_orphan_count.of(m).value++;

	out: {
		/* The backlog may have ended it already. */
		if (state !== TCP_CLOSE && (sk.sk_state) === TCP_CLOSE) break out;

		if ((sk.sk_state) === TCP_FIN_WAIT2) {
			if (tcp_sk(sk).linger2 < 0) {
				tcp_set_state(sk, TCP_CLOSE);
				tcp_send_active_reset(sk);
				NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPABORTONLINGER);
			} else {
				const tmo = tcp_fin_time(sk);

				if (tmo > TCP_TIMEWAIT_LEN) {
					inet_csk_reset_keepalive_timer(sk, tmo - TCP_TIMEWAIT_LEN);
				} else {
					tcp_time_wait(sk, TCP_FIN_WAIT2, tmo);
					break out;
				}
			}
		}
		if ((sk.sk_state) !== TCP_CLOSE) {
			sk_mem_reclaim(sk);
			if (tcp_check_oom(sk, 0)) {
				tcp_set_state(sk, TCP_CLOSE);
				tcp_send_active_reset(sk);
				NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPABORTONMEMORY);
			}
		}

		if ((sk.sk_state) === TCP_CLOSE) inet_csk_destroy_sock(sk);
	}

	m.local_bh_enable();
	release_sock(sk);
	sock_put(sk);
}

/**
 * Tells whether ending a connection in a state takes a reset.
 * @kernel net/ipv4/tcp.c:2585 (v5.10)
 */
function tcp_need_reset(state: number): boolean {
	return (
		((1 << state) &
			(TCPF_ESTABLISHED |
				TCPF_CLOSE_WAIT |
				TCPF_FIN_WAIT1 |
				TCPF_FIN_WAIT2 |
				TCPF_SYN_RECV)) !==
		0
	);
}

/**
 * Breaks a connection off and makes the socket a fresh one; returns 0.
 * @kernel net/ipv4/tcp.c:2631 (v5.10)
 */
export function tcp_disconnect(sk: sock, _flags: number): number {
	const tp = tcp_sk(sk);
	const old_state = sk.sk_state;

	if (old_state !== TCP_CLOSE) tcp_set_state(sk, TCP_CLOSE);

	if (old_state === TCP_LISTEN) {
		inet_csk_listen_stop(sk);
	} else if (
		tcp_need_reset(old_state) ||
		(tp.snd_nxt !== tp.write_seq &&
			((1 << old_state) & (TCPF_CLOSING | TCPF_LAST_ACK)) !== 0)
	) {
		tcp_send_active_reset(sk);
		sk.sk_err = ECONNRESET;
	} else if (old_state === TCP_SYN_SENT) {
		sk.sk_err = ECONNRESET;
	}

	tcp_clear_xmit_timers(sk);
	__skb_queue_purge(sk.sk_receive_queue);
	tp.copied_seq = tp.rcv_nxt;
	tcp_write_queue_purge(sk);
	__skb_queue_purge(tp.out_of_order_queue);

	tp.inet_dport = htons(0);

	if ((sk.sk_userlocks & SOCK_BINDADDR_LOCK) === 0) inet_reset_saddr(sk);

	sk.sk_shutdown = 0;
	sock_reset_flag(sk, SOCK_DONE);
	tp.srtt_us = 0;
	tp.mdev_us = jiffies_to_usecs(TCP_TIMEOUT_INIT);
	tp.rcv_rtt_last_tsecr = 0;

	tp.write_seq = (tp.write_seq + tp.max_window + 2) >>> 0 || 1;

	tp.icsk_backoff = 0;
	tp.icsk_probes_out = 0;
	tp.icsk_probes_tstamp = 0;
	tp.icsk_rto = TCP_TIMEOUT_INIT;
	tp.icsk_rto_min = TCP_RTO_MIN;
	tp.icsk_delack_max = TCP_DELACK_MAX;
	tp.snd_ssthresh = TCP_INFINITE_SSTHRESH;
	tp.snd_cwnd = TCP_INIT_CWND;
	tp.snd_cwnd_cnt = 0;
	tp.window_clamp = 0;
	tp.delivered = 0;
	tp.delivered_ce = 0;
	tp.icsk_ca_ops!.release?.(sk);
	tp.icsk_ca_priv = null;
	tp.icsk_ca_initialized = false;
	tcp_set_ca_state(sk, TCP_CA_Open);
	tp.is_sack_reneg = false;
	tcp_clear_retrans(tp);
	tp.total_retrans = 0;
	inet_csk_delack_init(sk);
	tp.icsk_ack.rcv_mss = TCP_MIN_MSS;
	tp.rx_opt.clear();
	__sk_dst_reset(sk);
	dst_release(sk.sk_rx_dst);
	sk.sk_rx_dst = null;
	tp.compressed_ack = 0;
	tp.segs_in = 0;
	tp.segs_out = 0;
	tp.bytes_sent = 0;
	tp.bytes_acked = 0;
	tp.bytes_received = 0;
	tp.bytes_retrans = 0;
	tp.data_segs_in = 0;
	tp.data_segs_out = 0;
	tp.duplicate_sack.start_seq = 0;
	tp.duplicate_sack.end_seq = 0;
	tp.dsack_dups = 0;
	tp.reord_seen = 0;
	tp.retrans_out = 0;
	tp.sacked_out = 0;
	tp.tlp_high_seq = 0;
	tp.last_oow_ack_time = 0;
	tp.app_limited = 0xffffffff;
	tp.rack.mstamp = 0;
	tp.rack.advanced = false;
	tp.rack.reo_wnd_steps = 1;
	tp.rack.last_delivered = 0;
	tp.rack.reo_wnd_persist = 0;
	tp.rack.dsack_seen = false;
	tp.rcv_ooopack = 0;

	WARN_ON(
		sk.machine,
		tp.inet_num !== 0 && tp.icsk_bind_hash === null,
		'tcp_disconnect',
		'port is not bound',
	);

	if (sk.sk_frag.page !== null) {
		put_page(sk.sk_frag.page);
		sk.sk_frag.page = null;
		sk.sk_frag.offset = 0;
	}

	sk.sk_error_report(sk);
	return 0;
}

/**
 * Holds partial segments back, or lets them go.
 * @kernel net/ipv4/tcp.c:2878 (v5.10)
 */
function __tcp_sock_set_cork(sk: sock, on: boolean): void {
	const tp = tcp_sk(sk);

	if (on) {
		tp.nonagle |= TCP_NAGLE_CORK;
	} else {
		tp.nonagle &= ~TCP_NAGLE_CORK;
		if ((tp.nonagle & TCP_NAGLE_OFF) !== 0) tp.nonagle |= TCP_NAGLE_PUSH;
		tcp_push_pending_frames(sk);
	}
}

/**
 * Switches Nagle off or on; TCP_NODELAY is less than TCP_CORK, but pushes what waits.
 * @kernel net/ipv4/tcp.c:2906 (v5.10)
 */
function __tcp_sock_set_nodelay(sk: sock, on: boolean): void {
	const tp = tcp_sk(sk);

	if (on) {
		tp.nonagle |= TCP_NAGLE_OFF | TCP_NAGLE_PUSH;
		tcp_push_pending_frames(sk);
	} else {
		tp.nonagle &= ~TCP_NAGLE_OFF;
	}
}

/**
 * Switches immediate ACKs on or off.
 * @kernel net/ipv4/tcp.c:2924 (v5.10)
 */
function __tcp_sock_set_quickack(sk: sock, val: number): void {
	if (val === 0) {
		inet_csk_enter_pingpong_mode(sk);
		return;
	}

	inet_csk_exit_pingpong_mode(sk);
	if (
		((1 << sk.sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)) !== 0 &&
		inet_csk_ack_scheduled(sk)
	) {
		inet_csk(sk).icsk_ack.pending |= ICSK_ACK_PUSHED;
		tcp_cleanup_rbuf(sk, 1);
		if ((val & 1) === 0) inet_csk_enter_pingpong_mode(sk);
	}
}

/**
 * Sets the idle time before keepalive probes, seconds; returns 0 or -EINVAL.
 * @kernel net/ipv4/tcp.c:2969 (v5.10)
 */
export function tcp_sock_set_keepidle_locked(sk: sock, val: number): number {
	const tp = tcp_sk(sk);

	if (val < 1 || val > MAX_TCP_KEEPIDLE) return -EINVAL;

	tp.keepalive_time = val * HZ;
	if (
		sock_flag(sk, SOCK_KEEPOPEN) &&
		((1 << sk.sk_state) & (TCPF_CLOSE | TCPF_LISTEN)) === 0
	) {
		const elapsed = Math.max(tp.keepalive_time - keepalive_time_elapsed(tp), 0);

		inet_csk_reset_keepalive_timer(sk, elapsed);
	}

	return 0;
}

/**
 * Sets an option of level SOL_TCP; returns 0 or a negative errno.
 * @kernel net/ipv4/tcp.c:3029 (v5.10)
 */
function do_tcp_setsockopt(sk: sock, optname: number, optval: sockopt_value): number {
	const tp = tcp_sk(sk);
	let err = 0;

	if (optname === TCP_CONGESTION) {
		if (typeof optval !== 'string' || optval === '') return -EINVAL;

		lock_sock(sk);
		err = tcp_set_congestion_control(sk, optval, true, true);
		release_sock(sk);
		return err;
	}

	if (typeof optval !== 'number') return -EINVAL;
	const val = optval | 0;

	lock_sock(sk);

	switch (optname) {
		case TCP_MAXSEG:
			if (val !== 0 && (val < TCP_MIN_MSS || val > MAX_TCP_WINDOW)) err = -EINVAL;
			else tp.rx_opt.user_mss = val;
			break;

		case TCP_NODELAY:
			__tcp_sock_set_nodelay(sk, val !== 0);
			break;

		case TCP_THIN_LINEAR_TIMEOUTS:
			if (val < 0 || val > 1) err = -EINVAL;
			else tp.thin_lto = val !== 0;
			break;

		case TCP_THIN_DUPACK:
			if (val < 0 || val > 1) err = -EINVAL;
			break;

		case TCP_CORK:
			__tcp_sock_set_cork(sk, val !== 0);
			break;

		case TCP_KEEPIDLE:
			err = tcp_sock_set_keepidle_locked(sk, val);
			break;
		case TCP_KEEPINTVL:
			if (val < 1 || val > MAX_TCP_KEEPINTVL) err = -EINVAL;
			else tp.keepalive_intvl = val * HZ;
			break;
		case TCP_KEEPCNT:
			if (val < 1 || val > MAX_TCP_KEEPCNT) err = -EINVAL;
			else tp.keepalive_probes = val;
			break;
		case TCP_SYNCNT:
			if (val < 1 || val > MAX_TCP_SYNCNT) err = -EINVAL;
			else tp.icsk_syn_retries = val;
			break;

		case TCP_LINGER2:
			if (val < 0) tp.linger2 = -1;
			else if (val > TCP_FIN_TIMEOUT_MAX / HZ) tp.linger2 = TCP_FIN_TIMEOUT_MAX;
			else tp.linger2 = val * HZ;
			break;

		case TCP_DEFER_ACCEPT:
			tp.icsk_accept_queue.rskq_defer_accept = secs_to_retrans(
				val,
				TCP_TIMEOUT_INIT / HZ,
				TCP_RTO_MAX / HZ,
			);
			break;

		case TCP_WINDOW_CLAMP:
			if (val === 0) {
				if (sk.sk_state !== TCP_CLOSE) err = -EINVAL;
				else tp.window_clamp = 0;
			} else {
				tp.window_clamp = Math.max(val, SOCK_MIN_RCVBUF / 2);
			}
			break;

		case TCP_QUICKACK:
			__tcp_sock_set_quickack(sk, val);
			break;

		case TCP_USER_TIMEOUT:
			if (val < 0) err = -EINVAL;
			else tp.icsk_user_timeout = val;
			break;

		case TCP_NOTSENT_LOWAT:
			tp.notsent_lowat = val >>> 0;
			sk.sk_write_space(sk);
			break;
		default:
			err = -ENOPROTOOPT;
			break;
	}

	release_sock(sk);
	return err;
}

/**
 * Sets an option of level SOL_TCP, or one of the network layer; returns 0 or a negative errno.
 * @kernel net/ipv4/tcp.c:3333 (v5.10)
 */
export function tcp_setsockopt(
	sk: sock,
	level: number,
	optname: number,
	optval: sockopt_value,
): number {
	if (level !== SOL_TCP)
		return inet_csk(sk).icsk_af_ops!.setsockopt(sk, level, optname, optval);
	return do_tcp_setsockopt(sk, optname, optval);
}

/**
 * Fills the times for which sending was held up.
 * @kernel net/ipv4/tcp.c:3345 (v5.10)
 */
function tcp_get_info_chrono_stats(tp: tcp_sock, info: tcp_info): void {
	const stats = [0, 0, 0, 0];
	let total = 0;

	for (let i = TCP_CHRONO_BUSY; i < __TCP_CHRONO_MAX; ++i) {
		stats[i] = tp.chrono_stat[i - 1];
		if (i === tp.chrono_type) stats[i] += tcp_jiffies32(tp) - tp.chrono_start;
		stats[i] *= USEC_PER_SEC / HZ;
		total += stats[i];
	}

	info.tcpi_busy_time = total;
	info.tcpi_rwnd_limited = stats[TCP_CHRONO_RWND_LIMITED];
	info.tcpi_sndbuf_limited = stats[TCP_CHRONO_SNDBUF_LIMITED];
}

/**
 * Tells the state of a connection as TCP_INFO does; info is fresh.
 * @kernel net/ipv4/tcp.c:3365 (v5.10)
 */
export function tcp_get_info(sk: sock, info: tcp_info): void {
	const tp = tcp_sk(sk);

	if (sk.sk_type !== SOCK_STREAM) return;

	info.tcpi_state = inet_sk_state_load(sk);

	info.tcpi_pacing_rate = sk.sk_pacing_rate;
	info.tcpi_max_pacing_rate = sk.sk_max_pacing_rate;

	info.tcpi_reordering = tp.reordering;
	info.tcpi_snd_cwnd = tp.snd_cwnd;

	if (info.tcpi_state === TCP_LISTEN) {
		/* Connections that wait to be accepted, and how many may. */
		info.tcpi_unacked = sk.sk_ack_backlog;
		info.tcpi_sacked = sk.sk_max_ack_backlog;
		return;
	}

	const slow = lock_sock_fast(sk);

	info.tcpi_ca_state = tp.icsk_ca_state;
	info.tcpi_retransmits = tp.icsk_retransmits;
	info.tcpi_probes = tp.icsk_probes_out;
	info.tcpi_backoff = tp.icsk_backoff;

	if (tp.rx_opt.tstamp_ok) info.tcpi_options |= TCPI_OPT_TIMESTAMPS;
	if (tcp_is_sack(tp)) info.tcpi_options |= TCPI_OPT_SACK;
	if (tp.rx_opt.wscale_ok) {
		info.tcpi_options |= TCPI_OPT_WSCALE;
		info.tcpi_snd_wscale = tp.rx_opt.snd_wscale;
		info.tcpi_rcv_wscale = tp.rx_opt.rcv_wscale;
	}

	if ((tp.ecn_flags & TCP_ECN_OK) !== 0) info.tcpi_options |= TCPI_OPT_ECN;
	if ((tp.ecn_flags & TCP_ECN_SEEN) !== 0) info.tcpi_options |= TCPI_OPT_ECN_SEEN;

	info.tcpi_rto = jiffies_to_usecs(tp.icsk_rto);
	info.tcpi_ato = jiffies_to_usecs(tp.icsk_ack.ato);
	info.tcpi_snd_mss = tp.mss_cache;
	info.tcpi_rcv_mss = tp.icsk_ack.rcv_mss;

	info.tcpi_unacked = tp.packets_out;
	info.tcpi_sacked = tp.sacked_out;

	info.tcpi_lost = tp.lost_out;
	info.tcpi_retrans = tp.retrans_out;

	const now = tcp_jiffies32(sk);
	info.tcpi_last_data_sent = jiffies_to_msecs(now - tp.lsndtime);
	info.tcpi_last_data_recv = jiffies_to_msecs(now - tp.icsk_ack.lrcvtime);
	info.tcpi_last_ack_recv = jiffies_to_msecs(now - tp.rcv_tstamp);

	info.tcpi_pmtu = tp.icsk_pmtu_cookie;
	info.tcpi_rcv_ssthresh = tp.rcv_ssthresh;
	info.tcpi_rtt = tp.srtt_us >>> 3;
	info.tcpi_rttvar = tp.mdev_us >>> 2;
	info.tcpi_snd_ssthresh = tp.snd_ssthresh;
	info.tcpi_advmss = tp.advmss;

	info.tcpi_rcv_rtt = tp.rcv_rtt_est.rtt_us >>> 3;
	info.tcpi_rcv_space = tp.rcvq_space.space;

	info.tcpi_total_retrans = tp.total_retrans;

	info.tcpi_bytes_acked = tp.bytes_acked;
	info.tcpi_bytes_received = tp.bytes_received;
	info.tcpi_notsent_bytes = Math.max(0, (tp.write_seq - tp.snd_nxt) | 0);
	tcp_get_info_chrono_stats(tp, info);

	info.tcpi_segs_out = tp.segs_out;
	info.tcpi_segs_in = tp.segs_in;

	info.tcpi_min_rtt = tcp_min_rtt(tp);
	info.tcpi_data_segs_in = tp.data_segs_in;
	info.tcpi_data_segs_out = tp.data_segs_out;

	info.tcpi_delivery_rate_app_limited = tp.rate_app_limited ? 1 : 0;
	info.tcpi_delivery_rate = tcp_compute_delivery_rate(tp);
	info.tcpi_delivered = tp.delivered;
	info.tcpi_delivered_ce = tp.delivered_ce;
	info.tcpi_bytes_sent = tp.bytes_sent;
	info.tcpi_bytes_retrans = tp.bytes_retrans;
	info.tcpi_dsack_dups = tp.dsack_dups;
	info.tcpi_reord_seen = tp.reord_seen;
	info.tcpi_rcv_ooopack = tp.rcv_ooopack;
	info.tcpi_snd_wnd = tp.snd_wnd;
	unlock_sock_fast(sk, slow);
}

/**
 * Reads an option of level SOL_TCP; returns 0 or -ENOPROTOOPT.
 * @kernel net/ipv4/tcp.c:3575 (v5.10)
 */
function do_tcp_getsockopt(sk: sock, optname: number, res: sockopt_result): number {
	const tp = tcp_sk(sk);
	const { ipv4 } = sk.sk_net;

	switch (optname) {
		case TCP_MAXSEG:
			res.val = tp.mss_cache;
			if (tp.mss_cache === 0 && ((1 << sk.sk_state) & (TCPF_CLOSE | TCPF_LISTEN)) !== 0)
				res.val = tp.rx_opt.user_mss;
			return 0;
		case TCP_NODELAY:
			res.val = (tp.nonagle & TCP_NAGLE_OFF) !== 0 ? 1 : 0;
			return 0;
		case TCP_CORK:
			res.val = (tp.nonagle & TCP_NAGLE_CORK) !== 0 ? 1 : 0;
			return 0;
		case TCP_KEEPIDLE:
			res.val = Math.floor(keepalive_time_when(tp) / HZ);
			return 0;
		case TCP_KEEPINTVL:
			res.val = Math.floor(keepalive_intvl_when(tp) / HZ);
			return 0;
		case TCP_KEEPCNT:
			res.val = keepalive_probes(tp);
			return 0;
		case TCP_SYNCNT:
			res.val = tp.icsk_syn_retries || ipv4.sysctl_tcp_syn_retries;
			return 0;
		case TCP_LINGER2:
			res.val =
				tp.linger2 >= 0
					? Math.floor((tp.linger2 || ipv4.sysctl_tcp_fin_timeout) / HZ)
					: tp.linger2;
			return 0;
		case TCP_DEFER_ACCEPT:
			res.val = retrans_to_secs(
				tp.icsk_accept_queue.rskq_defer_accept,
				TCP_TIMEOUT_INIT / HZ,
				TCP_RTO_MAX / HZ,
			);
			return 0;
		case TCP_WINDOW_CLAMP:
			res.val = tp.window_clamp;
			return 0;
		case TCP_INFO: {
			const info = new tcp_info();

			tcp_get_info(sk, info);
			res.val = info;
			return 0;
		}
		case TCP_QUICKACK:
			res.val = inet_csk_in_pingpong_mode(sk) ? 0 : 1;
			return 0;
		case TCP_CONGESTION:
			res.val = tp.icsk_ca_ops!.name;
			return 0;
		case TCP_THIN_LINEAR_TIMEOUTS:
			res.val = tp.thin_lto ? 1 : 0;
			return 0;
		case TCP_THIN_DUPACK:
			res.val = 0;
			return 0;
		case TCP_USER_TIMEOUT:
			res.val = tp.icsk_user_timeout;
			return 0;
		case TCP_TIMESTAMP:
			res.val = (tcp_time_stamp_raw(sk.machine) + tp.tsoffset) >>> 0;
			return 0;
		case TCP_NOTSENT_LOWAT:
			res.val = tp.notsent_lowat;
			return 0;
		default:
			return -ENOPROTOOPT;
	}
}

/**
 * Reads an option of level SOL_TCP, or one of the network layer; returns 0 or a negative errno.
 * @kernel net/ipv4/tcp.c:3877 (v5.10)
 */
export function tcp_getsockopt(
	sk: sock,
	level: number,
	optname: number,
	res: sockopt_result,
): number {
	if (level !== SOL_TCP) return inet_csk(sk).icsk_af_ops!.getsockopt(sk, level, optname, res);
	return do_tcp_getsockopt(sk, optname, res);
}

/**
 * Ends a connection from outside, as `ss -K` and `ip` do.
 * @param err positive errno for the program
 * @returns 0, or -EOPNOTSUPP for a socket in TIME_WAIT
 * @kernel net/ipv4/tcp.c:4054 (v5.10)
 */
export function tcp_abort(sk: sock, err: number): number {
	const m = sk.machine;
	const common: sock_common = sk;

	if (!sk_fullsock(common)) {
		if (common.sk_state === TCP_NEW_SYN_RECV) {
			const req = inet_reqsk(common);

			m.local_bh_disable();
			inet_csk_reqsk_queue_drop(req.rsk_listener!, req);
			m.local_bh_enable();
			return 0;
		}
		return -EOPNOTSUPP;
	}

	lock_sock(sk);

	if (sk.sk_state === TCP_LISTEN) {
		tcp_set_state(sk, TCP_CLOSE);
		inet_csk_listen_stop(sk);
	}

	m.local_bh_disable();

	if (!sock_flag(sk, SOCK_DEAD)) {
		sk.sk_err = err;
		sk.sk_error_report(sk);
		if (tcp_need_reset(sk.sk_state)) tcp_send_active_reset(sk);
		tcp_done(sk);
	}

	m.local_bh_enable();
	tcp_write_queue_purge(sk);
	release_sock(sk);
	return 0;
}

/**
 * Starts TCP on a machine: its congestion controls. Called before tcp_v4_init().
 * @kernel PORT: net/ipv4/tcp.c:4135; tables and limits are made when they are first used
 */
export function tcp_init(m: Machine): void {
	tcp_register_congestion_control(m, tcp_reno.of(m));
	cubictcp_register(m);
}
