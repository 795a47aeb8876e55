// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/tcp_output.c, base v5.10: making and sending segments.
 *
 * PORT: tcp_chrono_start(), tcp_chrono_stop() and sk_forced_mem_schedule() are in net/ipv4/tcp_lib.ts, below
 * this file, tcp_release_cb() in net/ipv4/tcp_timer.ts, above it. The small queue tasklet is an event of the
 * machine at the present time. Memory for packets does not run out. The half of an fclone pair that went down
 * the stack is remembered in tcp_skb_cb.
 * Not ported: fast open, MD5, SMC, MPTCP, BPF, urgent data, repair, timestamping of transmitted packets.
 */
import type { dst_entry } from '../../include/net/dst.ts';
import {
	dst_allfrag,
	dst_feature,
	dst_metric,
	dst_metric_advmss,
	dst_mtu,
	RTAX_CC_ALGO,
	RTAX_FEATURE_ECN,
	RTAX_INITRWND,
	RTAX_WINDOW,
} from '../../include/net/dst.ts';
import { INET_ECN_dontxmit, INET_ECN_xmit } from '../../include/net/inet_ecn.ts';
import {
	ICSK_ACK_PUSHED,
	ICSK_ACK_SCHED,
	ICSK_ACK_TIMER,
	ICSK_TIME_DACK,
	ICSK_TIME_LOSS_PROBE,
	ICSK_TIME_PROBE0,
	ICSK_TIME_REO_TIMEOUT,
	ICSK_TIME_RETRANS,
	inet_csk,
	inet_csk_in_pingpong_mode,
	inet_csk_inc_pingpong_cnt,
} from '../../include/net/inet_connection_sock.ts';
import { inet_rsk, type request_sock, req_to_sk } from '../../include/net/request_sock.ts';
import {
	NET_ADD_STATS,
	NET_INC_STATS,
	TCP_ADD_STATS,
	TCP_INC_STATS,
} from '../../include/net/snmp.ts';
import {
	__sk_dst_get,
	__sock_put,
	sk_mem_charge,
	SK_PACING_NONE,
	sk_wmem_alloc_get,
	sk_wmem_queued_add,
	skb_set_hash_from_sk,
	SOCK_DONE,
	sock_hold,
	sock_owned_by_user,
	SOCK_RCVBUF_LOCK,
	sock_reset_flag,
	sysctl_rmem_max,
	type sock,
} from '../../include/net/sock.ts';
import {
	after,
	before,
	CA_EVENT_CWND_RESTART,
	CA_EVENT_TX_START,
	jiffies_to_usecs,
	MAX_TCP_HEADER,
	MAX_TCP_OPTION_SPACE,
	MAX_TCP_WINDOW,
	tcp_bound_to_half_wnd,
	tcp_ca_dst_locked,
	tcp_ca_event,
	tcp_ca_needs_ecn,
	TCP_CA_UNSPEC,
	TCP_CHRONO_RWND_LIMITED,
	TCP_CHRONO_SNDBUF_LIMITED,
	tcp_clear_retrans_hints_partial,
	tcp_current_ssthresh,
	tcp_dec_quickack_mode,
	TCP_DELACK_MAX,
	TCP_DELACK_MIN,
	TCP_ECN_DEMAND_CWR,
	TCP_ECN_OK,
	TCP_ECN_QUEUE_CWR,
	TCP_FRAG_IN_RTX_QUEUE,
	TCP_FRAG_IN_WRITE_QUEUE,
	tcp_full_space,
	tcp_highest_sack_replace,
	tcp_in_cwnd_reduction,
	tcp_init_wl,
	tcp_is_cwnd_limited,
	tcp_is_reno,
	tcp_is_sack,
	tcp_jiffies32,
	tcp_max_tso_deferred_mss,
	TCP_MAX_WSCALE,
	TCP_NAGLE_CORK,
	TCP_NAGLE_OFF,
	TCP_NAGLE_PUSH,
	tcp_needs_internal_pacing,
	tcp_packets_in_flight,
	tcp_probe0_when,
	tcp_receive_window,
	TCP_RESOURCE_PROBE_INTERVAL,
	tcp_rto_delta_us,
	TCP_RTO_MAX,
	TCP_RTO_MIN,
	tcp_rtx_queue_empty,
	tcp_rtx_queue_head,
	tcp_rtx_queue_tail,
	tcp_send_head,
	skb_is_tcp_pure_ack,
	skb_set_tcp_pure_ack,
	tcp_skb_can_collapse,
	TCP_SKB_CB,
	tcp_skb_is_last,
	tcp_skb_mss,
	tcp_skb_pcount,
	tcp_skb_pcount_set,
	tcp_skb_timestamp,
	tcp_skb_timestamp_us,
	tcp_space,
	TCP_SYNACK_NORMAL,
	tcp_time_stamp,
	TCP_TIMEOUT_INIT,
	TCP_TIMEOUT_MIN,
	tcp_tsorted_add_after,
	tcp_tsorted_add_tail,
	tcp_tsorted_del,
	tcp_wnd_end,
	tcp_write_queue_empty,
	tcp_write_queue_tail,
	TCPCB_EVER_RETRANS,
	TCPCB_LOST,
	TCPCB_RETRANS,
	TCPCB_SACKED_ACKED,
	TCPCB_SACKED_RETRANS,
	TCPOLEN_MSS,
	TCPOLEN_MSS_ALIGNED,
	TCPOLEN_SACK_BASE,
	TCPOLEN_SACK_BASE_ALIGNED,
	TCPOLEN_SACK_PERBLOCK,
	TCPOLEN_SACK_PERM,
	TCPOLEN_SACKPERM_ALIGNED,
	TCPOLEN_TIMESTAMP,
	TCPOLEN_TSTAMP_ALIGNED,
	TCPOLEN_WINDOW,
	TCPOLEN_WSCALE_ALIGNED,
	TCPOPT_MSS,
	TCPOPT_NOP,
	TCPOPT_SACK,
	TCPOPT_SACK_PERM,
	TCPOPT_TIMESTAMP,
	TCPOPT_WINDOW,
	usecs_to_jiffies,
} from '../../include/net/tcp.ts';
import {
	TCP_CLOSE,
	TCP_ESTABLISHED,
	TCPF_CLOSE_WAIT,
	TCPF_CLOSING,
	TCPF_ESTABLISHED,
	TCPF_FIN_WAIT1,
	TCPF_LAST_ACK,
} from '../../include/net/tcp_states.ts';
import { put_unaligned_be16, put_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import {
	HZ,
	machine_event,
	machine_var,
	NSEC_PER_MSEC,
	NSEC_PER_SEC,
	NSEC_PER_USEC,
	prandom_u32,
	WARN_ON,
} from '../../include/linux/machine.ts';
import { SOCK_NOSPACE } from '../../include/linux/net.ts';
import { NET_XMIT_CN } from '../../include/linux/netdevice.ts';
import {
	__skb_header_release,
	__skb_queue_after,
	__skb_queue_before,
	__skb_unlink,
	CHECKSUM_PARTIAL,
	type sk_buff,
	skb_cloned,
	skb_frag_unref,
	SKB_GSO_TCP_ECN,
	skb_headlen,
	skb_reserve,
	skb_reset_transport_header,
	skb_shinfo,
} from '../../include/linux/skbuff.ts';
import {
	tcp_mss_clamp,
	tcp_rsk,
	tcp_sk,
	TCP_TSQ_DEFERRED,
	type tcp_sock,
	TSQF_QUEUED,
	TSQF_THROTTLED,
} from '../../include/linux/tcp.ts';
import { hrtimer_is_queued, hrtimer_start, hrtimer_try_to_cancel } from '../../include/linux/timer.ts';
import { U32_ZERO } from '../../include/linux/types.ts';
import {
	EAGAIN,
	EBUSY,
	ECONNREFUSED,
	EFAULT,
	EHOSTUNREACH,
	EINVAL,
	ENOBUFS,
	ENOMEM,
} from '../../include/uapi/linux/errno.ts';
import {
	LINUX_MIB_TCPABORTFAILED,
	LINUX_MIB_TCPACKCOMPRESSED,
	LINUX_MIB_TCPFASTRETRANS,
	LINUX_MIB_TCPFROMZEROWINDOWADV,
	LINUX_MIB_TCPLOSSPROBES,
	LINUX_MIB_TCPORIGDATASENT,
	LINUX_MIB_TCPRETRANSFAIL,
	LINUX_MIB_TCPSLOWSTARTRETRANS,
	LINUX_MIB_TCPSPURIOUS_RTX_HOSTQUEUES,
	LINUX_MIB_TCPSYNRETRANS,
	LINUX_MIB_TCPTOZEROWINDOWADV,
	LINUX_MIB_TCPWANTZEROWINDOWADV,
	LINUX_MIB_TCPWINPROBE,
	LINUX_MIB_TCPWQUEUETOOBIG,
	TCP_MIB_ACTIVEOPENS,
	TCP_MIB_OUTRSTS,
	TCP_MIB_OUTSEGS,
	TCP_MIB_RETRANSSEGS,
} from '../../include/uapi/linux/snmp.ts';
import {
	TCP_CA_CWR,
	TCP_CA_Loss,
	TCP_CA_Open,
	TCP_CA_Recovery,
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
	TCPHDR_PSH,
	TCPHDR_RST,
	TCPHDR_seq,
	TCPHDR_source,
	TCPHDR_SYN,
	TCPHDR_SYN_ECN,
	TCPHDR_urg_ptr,
	TCPHDR_window,
} from '../../include/uapi/linux/tcp.ts';
import {
	__skb_pull,
	alloc_skb,
	pskb_copy,
	skb_clone,
	skb_copy,
	skb_copy_bits,
	skb_orphan,
	skb_pull,
	skb_push,
	skb_put,
	skb_split,
	SKB_TRUESIZE,
	skb_unclone,
} from '../core/skbuff.ts';
import {
	__sock_wfree,
	sk_free,
	sk_mem_uncharge,
	sk_reset_timer,
	sk_wmem_free_skb,
	skb_set_owner_w,
	sock_put,
} from '../core/sock.ts';
import {
	inet_csk_clear_xmit_timer,
	inet_csk_reset_xmit_timer,
	tcp_check_probe_timer,
	tcp_reset_xmit_timer,
} from './inet_connection_sock.ts';
import { tcp_ca_find_key } from './tcp_cong.ts';
import {
	sk_forced_mem_schedule,
	sk_stream_alloc_skb,
	tcp_add_write_queue_tail,
	tcp_chrono_start,
	tcp_chrono_stop,
	tcp_clamp_probe0_to_user_timeout,
	tcp_clear_retrans,
	tcp_enter_cwr,
	tcp_init_cwnd,
	tcp_initialize_rcv_mss,
	tcp_rbtree_insert,
	tcp_rearm_rto,
	tcp_rtx_queue_unlink_and_free,
	tcp_skb_shift,
	tcp_under_memory_pressure,
	tcp_unlink_write_queue,
	tcp_verify_left_out,
	tcp_write_queue_purge,
} from './tcp_lib.ts';
import { tcp_rate_skb_sent } from './tcp_rate.ts';

const GSO_MAX_SIZE = 65536;

/**
 * Refreshes the socket's clock.
 * @kernel net/ipv4/tcp_output.c:53 (v5.10)
 */
export function tcp_mstamp_refresh(tp: tcp_sock): void {
	const val = tp.machine.now_ns;

	tp.tcp_clock_cache = val;
	tp.tcp_mstamp = Math.floor(val / NSEC_PER_USEC);
}

/**
 * Moves a packet that was sent to the retransmit queue.
 * @kernel net/ipv4/tcp_output.c:65 (v5.10)
 */
function tcp_event_new_data_sent(sk: sock, skb: sk_buff): void {
	const tp = tcp_sk(sk);
	const prior_packets = tp.packets_out;
	const pcount = tcp_skb_pcount(skb);

	tp.snd_nxt = TCP_SKB_CB(skb).end_seq;

	__skb_unlink(skb, sk.sk_write_queue);
	tcp_rbtree_insert(tp.tcp_rtx_queue, skb);

	tp.highest_sack ??= skb;

	tp.packets_out += pcount;
	if (prior_packets === 0 || tp.icsk_pending === ICSK_TIME_LOSS_PROBE) tcp_rearm_rto(sk);

	NET_ADD_STATS(sk.sk_net, LINUX_MIB_TCPORIGDATASENT, pcount);
}

/**
 * Sequence number for a segment without data: not beyond the peer's window when it shrank.
 * @kernel net/ipv4/tcp_output.c:94 (v5.10)
 */
function tcp_acceptable_seq(sk: sock): number {
	const tp = tcp_sk(sk);
	const wnd_end = tcp_wnd_end(tp);

	if (
		!before(wnd_end, tp.snd_nxt) ||
		(tp.rx_opt.wscale_ok && (tp.snd_nxt - wnd_end) >>> 0 < 1 << tp.rx_opt.rcv_wscale)
	)
		return tp.snd_nxt;
	return wnd_end;
}

/**
 * MSS for the option of a SYN, bytes.
 * @kernel net/ipv4/tcp_output.c:120 (v5.10)
 */
function tcp_advertise_mss(sk: sock): number {
	const tp = tcp_sk(sk);
	const dst = __sk_dst_get(sk);
	let mss = tp.advmss;

	if (dst !== null) {
		const metric = dst_metric_advmss(dst);

		if (metric < mss) {
			mss = metric;
			tp.advmss = mss;
		}
	}
	return mss & 0xffff;
}

/**
 * Lets the window decay after an idle time; delta in jiffies.
 * @kernel net/ipv4/tcp_output.c:141 (v5.10)
 */
export function tcp_cwnd_restart(sk: sock, delta: number): void {
	const tp = tcp_sk(sk);
	let restart_cwnd = tcp_init_cwnd(tp, __sk_dst_get(sk));
	let cwnd = tp.snd_cwnd;

	tcp_ca_event(sk, CA_EVENT_CWND_RESTART);

	tp.snd_ssthresh = tcp_current_ssthresh(sk);
	restart_cwnd = Math.min(restart_cwnd, cwnd);

	while ((delta -= tp.icsk_rto) > 0 && cwnd > restart_cwnd) cwnd >>>= 1;
	tp.snd_cwnd = Math.max(cwnd, restart_cwnd);
	tp.snd_cwnd_stamp = tcp_jiffies32(sk);
	tp.snd_cwnd_used = 0;
}

/**
 * Lets the window decay when nothing was sent for long.
 * @kernel PORT: inline of include/net/tcp.h:1370, include/ does not import net/
 */
export function tcp_slow_start_after_idle_check(sk: sock): void {
	const tp = tcp_sk(sk);

	if (
		sk.sk_net.ipv4.sysctl_tcp_slow_start_after_idle === 0 ||
		tp.packets_out !== 0 ||
		tp.icsk_ca_ops!.cong_control !== undefined
	)
		return;
	const delta = tcp_jiffies32(sk) - tp.lsndtime;
	if (delta > tp.icsk_rto) tcp_cwnd_restart(sk, delta);
}

/**
 * Notes that data was sent.
 * @kernel net/ipv4/tcp_output.c:160 (v5.10)
 */
function tcp_event_data_sent(tp: tcp_sock, sk: sock): void {
	const now = tcp_jiffies32(sk);

	if (tcp_packets_in_flight(tp) === 0) tcp_ca_event(sk, CA_EVENT_TX_START);

	if (
		tp.lsndtime < tp.icsk_ack.lrcvtime &&
		now - tp.icsk_ack.lrcvtime < tp.icsk_ack.ato
	)
		inet_csk_inc_pingpong_cnt(sk);

	tp.lsndtime = now;
}

/**
 * Notes that an ACK was sent.
 * @kernel net/ipv4/tcp_output.c:182 (v5.10)
 */
function tcp_event_ack_sent(sk: sock, pkts: number, rcv_nxt: number): void {
	const tp = tcp_sk(sk);

	if (tp.compressed_ack !== 0) {
		NET_ADD_STATS(sk.sk_net, LINUX_MIB_TCPACKCOMPRESSED, tp.compressed_ack);
		tp.compressed_ack = 0;
		if (hrtimer_try_to_cancel(tp.compressed_ack_timer!) === 1) __sock_put(sk);
	}

	if (rcv_nxt !== tp.rcv_nxt) return;
	tcp_dec_quickack_mode(sk, pkts);
	inet_csk_clear_xmit_timer(sk, ICSK_TIME_DACK);
}

/** First window and its scale. */
export class initial_window {
	/** Bytes. */
	rcv_wnd = 0;
	window_clamp = 0;
	rcv_wscale = 0;
}

/**
 * Chooses the first window and its scale from the receive buffer.
 * @param __space bytes of window that the buffer stands for
 * @param mss bytes
 * @param w window_clamp is read and set, rcv_wnd and rcv_wscale are set
 * @param wscale_ok the peer knows window scaling
 * @param init_rcv_wnd segments that the route allows, 0 for no limit
 * @kernel net/ipv4/tcp_output.c:208 (v5.10)
 */
export function tcp_select_initial_window(
	sk: sock,
	__space: number,
	mss: number,
	w: initial_window,
	wscale_ok: boolean,
	init_rcv_wnd: number,
): void {
	let space = __space < 0 ? 0 : __space;

	if (w.window_clamp === 0) w.window_clamp = 0xffff << TCP_MAX_WSCALE;
	space = Math.min(w.window_clamp, space);

	if (space > mss) space -= space % mss;

	if (sk.sk_net.ipv4.sysctl_tcp_workaround_signed_windows !== 0)
		w.rcv_wnd = Math.min(space, MAX_TCP_WINDOW);
	else w.rcv_wnd = Math.min(space, 0xffff);

	if (init_rcv_wnd !== 0) w.rcv_wnd = Math.min(w.rcv_wnd, init_rcv_wnd * mss);

	w.rcv_wscale = 0;
	if (wscale_ok) {
		space = Math.max(space, sk.sk_net.ipv4.sysctl_tcp_rmem[2]);
		space = Math.max(space, sysctl_rmem_max.of(sk.machine).value);
		space = Math.min(space, w.window_clamp);
		w.rcv_wscale = Math.min(Math.max(31 - Math.clz32(space) - 15, 0), TCP_MAX_WSCALE);
	}
	w.window_clamp = Math.min(0xffff << w.rcv_wscale, w.window_clamp);
}

/**
 * Chooses the window of a segment; unlike the raw choice it never takes back what was offered.
 * @kernel net/ipv4/tcp_output.c:259 (v5.10)
 */
function tcp_select_window(sk: sock): number {
	const tp = tcp_sk(sk);
	const old_win = tp.rcv_wnd;
	const cur_win = tcp_receive_window(tp);
	const wscale = tp.rx_opt.rcv_wscale;
	let new_win = __tcp_select_window(sk);

	if (new_win < cur_win) {
		if (new_win === 0) NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPWANTZEROWINDOWADV);
		new_win = align(cur_win, 1 << wscale);
	}
	tp.rcv_wnd = new_win;
	tp.rcv_wup = tp.rcv_nxt;

	if (wscale === 0 && sk.sk_net.ipv4.sysctl_tcp_workaround_signed_windows !== 0)
		new_win = Math.min(new_win, MAX_TCP_WINDOW);
	else new_win = Math.min(new_win, 0xffff << wscale);

	new_win >>>= wscale;

	if (new_win === 0) {
		tp.pred_flags = 0;
		if (old_win !== 0) NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPTOZEROWINDOWADV);
	} else if (old_win === 0) {
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPFROMZEROWINDOWADV);
	}

	return new_win;
}

/**
 * Rounds up to a multiple of a power of two.
 * @kernel PORT: the macro ALIGN of include/linux/align.h
 */
function align(x: number, a: number): number {
	return (x + a - 1) & -a;
}

/**
 * Settles ECN in a SYN-ACK that a crossing SYN made necessary.
 * @kernel net/ipv4/tcp_output.c:309 (v5.10)
 */
function tcp_ecn_send_synack(sk: sock, skb: sk_buff): void {
	const tp = tcp_sk(sk);
	const tcb = TCP_SKB_CB(skb);

	tcb.tcp_flags &= ~TCPHDR_CWR;
	if ((tp.ecn_flags & TCP_ECN_OK) === 0) tcb.tcp_flags &= ~TCPHDR_ECE;
	else if (tcp_ca_needs_ecn(sk)) INET_ECN_xmit(sk);
}

/**
 * Offers ECN in a SYN when it is wanted.
 * @kernel net/ipv4/tcp_output.c:322 (v5.10)
 */
function tcp_ecn_send_syn(sk: sock, skb: sk_buff): void {
	const tp = tcp_sk(sk);
	let use_ecn = sk.sk_net.ipv4.sysctl_tcp_ecn === 1 || tcp_ca_needs_ecn(sk);

	if (!use_ecn) {
		const dst = __sk_dst_get(sk);

		if (dst !== null && dst_feature(dst, RTAX_FEATURE_ECN) !== 0) use_ecn = true;
	}

	tp.ecn_flags = 0;

	if (use_ecn) {
		TCP_SKB_CB(skb).tcp_flags |= TCPHDR_ECE | TCPHDR_CWR;
		tp.ecn_flags = TCP_ECN_OK;
		if (tcp_ca_needs_ecn(sk)) INET_ECN_xmit(sk);
	}
}

/**
 * Offers no ECN in a SYN that is repeated.
 * @kernel net/ipv4/tcp_output.c:346 (v5.10)
 */
function tcp_ecn_clear_syn(sk: sock, skb: sk_buff): void {
	if (sk.sk_net.ipv4.sysctl_tcp_ecn_fallback !== 0)
		TCP_SKB_CB(skb).tcp_flags &= ~(TCPHDR_ECE | TCPHDR_CWR);
}

/**
 * Sets the ECN bits of a segment; th is the offset of its header.
 * @kernel net/ipv4/tcp_output.c:365 (v5.10)
 */
function tcp_ecn_send(sk: sock, skb: sk_buff, th: number, tcp_header_len: number): void {
	const tp = tcp_sk(sk);

	if ((tp.ecn_flags & TCP_ECN_OK) !== 0) {
		if (skb.len !== tcp_header_len && !before(TCP_SKB_CB(skb).seq, tp.snd_nxt)) {
			INET_ECN_xmit(sk);
			if ((tp.ecn_flags & TCP_ECN_QUEUE_CWR) !== 0) {
				tp.ecn_flags &= ~TCP_ECN_QUEUE_CWR;
				skb.head[th + TCPHDR_flags] |= TCPHDR_CWR;
				skb_shinfo(skb).gso_type |= SKB_GSO_TCP_ECN;
			}
		} else if (!tcp_ca_needs_ecn(sk)) {
			INET_ECN_dontxmit(sk);
		}
		if ((tp.ecn_flags & TCP_ECN_DEMAND_CWR) !== 0) skb.head[th + TCPHDR_flags] |= TCPHDR_ECE;
	}
}

/**
 * Sets up a segment without data; flags are TCPHDR_* bits.
 * @kernel net/ipv4/tcp_output.c:392 (v5.10)
 */
function tcp_init_nondata_skb(skb: sk_buff, seq: number, flags: number): void {
	const tcb = TCP_SKB_CB(skb);

	skb.ip_summed = CHECKSUM_PARTIAL;

	tcb.tcp_flags = flags;
	tcb.sacked = 0;

	tcp_skb_pcount_set(skb, 1);

	tcb.seq = seq;
	if ((flags & (TCPHDR_SYN | TCPHDR_FIN)) !== 0) seq = (seq + 1) >>> 0;
	tcb.end_seq = seq;
}

const OPTION_SACK_ADVERTISE = 1 << 0;
const OPTION_TS = 1 << 1;
const OPTION_WSCALE = 1 << 3;

/** Options of a segment. */
class tcp_out_options {
	options = 0;
	/** 0: no option. */
	mss = 0;
	ws = 0;
	num_sack_blocks = 0;
	tsval = U32_ZERO;
	tsecr = U32_ZERO;

	/** Sets all to zero. */
	clear(): void {
		this.options = 0;
		this.mss = 0;
		this.ws = 0;
		this.num_sack_blocks = 0;
		this.tsval = 0;
		this.tsecr = 0;
	}
}

/** PORT: on the stack in C; written out before anything else can be sent. */
const out_options = machine_var(() => new tcp_out_options());

/**
 * Writes the options behind the header, padded with NOPs; ptr is the offset in head.
 * @kernel net/ipv4/tcp_output.c:608 (v5.10)
 */
function tcp_options_write(
	head: Uint8Array,
	ptr: number,
	tp: tcp_sock | null,
	opts: tcp_out_options,
): void {
	let options = opts.options;

	if (opts.mss !== 0) {
		put_unaligned_be32((TCPOPT_MSS << 24) | (TCPOLEN_MSS << 16) | opts.mss, head, ptr);
		ptr += 4;
	}

	if ((options & OPTION_TS) !== 0) {
		if ((options & OPTION_SACK_ADVERTISE) !== 0) {
			put_unaligned_be32(
				(TCPOPT_SACK_PERM << 24) |
					(TCPOLEN_SACK_PERM << 16) |
					(TCPOPT_TIMESTAMP << 8) |
					TCPOLEN_TIMESTAMP,
				head,
				ptr,
			);
			options &= ~OPTION_SACK_ADVERTISE;
		} else {
			put_unaligned_be32(
				(TCPOPT_NOP << 24) |
					(TCPOPT_NOP << 16) |
					(TCPOPT_TIMESTAMP << 8) |
					TCPOLEN_TIMESTAMP,
				head,
				ptr,
			);
		}
		put_unaligned_be32(opts.tsval, head, ptr + 4);
		put_unaligned_be32(opts.tsecr, head, ptr + 8);
		ptr += 12;
	}

	if ((options & OPTION_SACK_ADVERTISE) !== 0) {
		put_unaligned_be32(
			(TCPOPT_NOP << 24) |
				(TCPOPT_NOP << 16) |
				(TCPOPT_SACK_PERM << 8) |
				TCPOLEN_SACK_PERM,
			head,
			ptr,
		);
		ptr += 4;
	}

	if ((options & OPTION_WSCALE) !== 0) {
		put_unaligned_be32(
			(TCPOPT_NOP << 24) | (TCPOPT_WINDOW << 16) | (TCPOLEN_WINDOW << 8) | opts.ws,
			head,
			ptr,
		);
		ptr += 4;
	}

	if (opts.num_sack_blocks !== 0 && tp !== null) {
		put_unaligned_be32(
			(TCPOPT_NOP << 24) |
				(TCPOPT_NOP << 16) |
				(TCPOPT_SACK << 8) |
				(TCPOLEN_SACK_BASE + opts.num_sack_blocks * TCPOLEN_SACK_PERBLOCK),
			head,
			ptr,
		);
		ptr += 4;

		/* The D-SACK block lies in front of the others in memory. */
		const dsack = tp.rx_opt.dsack ? 1 : 0;
		for (let this_sack = 0; this_sack < opts.num_sack_blocks; this_sack++) {
			const sp =
				this_sack < dsack ? tp.duplicate_sack : tp.selective_acks[this_sack - dsack];
			put_unaligned_be32(sp.start_seq, head, ptr);
			put_unaligned_be32(sp.end_seq, head, ptr + 4);
			ptr += 8;
		}

		tp.rx_opt.dsack = false;
	}
}

/**
 * Chooses the options of a SYN; returns their length.
 * @kernel net/ipv4/tcp_output.c:759 (v5.10)
 */
function tcp_syn_options(sk: sock, skb: sk_buff, opts: tcp_out_options): number {
	const tp = tcp_sk(sk);
	const ipv4 = sk.sk_net.ipv4;
	let remaining = MAX_TCP_OPTION_SPACE;

	opts.mss = tcp_advertise_mss(sk);
	remaining -= TCPOLEN_MSS_ALIGNED;

	if (ipv4.sysctl_tcp_timestamps !== 0) {
		opts.options |= OPTION_TS;
		opts.tsval = (tcp_skb_timestamp(skb) + tp.tsoffset) >>> 0;
		opts.tsecr = tp.rx_opt.ts_recent;
		remaining -= TCPOLEN_TSTAMP_ALIGNED;
	}
	if (ipv4.sysctl_tcp_window_scaling !== 0) {
		opts.ws = tp.rx_opt.rcv_wscale;
		opts.options |= OPTION_WSCALE;
		remaining -= TCPOLEN_WSCALE_ALIGNED;
	}
	if (ipv4.sysctl_tcp_sack !== 0) {
		opts.options |= OPTION_SACK_ADVERTISE;
		if ((opts.options & OPTION_TS) === 0) remaining -= TCPOLEN_SACKPERM_ALIGNED;
	}
	return MAX_TCP_OPTION_SPACE - remaining;
}

/**
 * Chooses the options of a SYN-ACK; returns their length.
 * @kernel net/ipv4/tcp_output.c:840 (v5.10)
 */
function tcp_synack_options(
	_sk: sock,
	req: request_sock,
	mss: number,
	skb: sk_buff,
	opts: tcp_out_options,
): number {
	const ireq = inet_rsk(req);
	let remaining = MAX_TCP_OPTION_SPACE;

	opts.mss = mss;
	remaining -= TCPOLEN_MSS_ALIGNED;

	if (ireq.wscale_ok) {
		opts.ws = ireq.rcv_wscale;
		opts.options |= OPTION_WSCALE;
		remaining -= TCPOLEN_WSCALE_ALIGNED;
	}
	if (ireq.tstamp_ok) {
		opts.options |= OPTION_TS;
		opts.tsval = (tcp_skb_timestamp(skb) + tcp_rsk(req).ts_off) >>> 0;
		opts.tsecr = req.ts_recent;
		remaining -= TCPOLEN_TSTAMP_ALIGNED;
	}
	if (ireq.sack_ok) {
		opts.options |= OPTION_SACK_ADVERTISE;
		if (!ireq.tstamp_ok) remaining -= TCPOLEN_SACKPERM_ALIGNED;
	}
	return MAX_TCP_OPTION_SPACE - remaining;
}

/**
 * Chooses the options of other segments; returns their length.
 * @kernel net/ipv4/tcp_output.c:913 (v5.10)
 */
function tcp_established_options(sk: sock, skb: sk_buff | null, opts: tcp_out_options): number {
	const tp = tcp_sk(sk);
	let size = 0;

	opts.options = 0;

	if (tp.rx_opt.tstamp_ok) {
		opts.options |= OPTION_TS;
		opts.tsval = skb !== null ? (tcp_skb_timestamp(skb) + tp.tsoffset) >>> 0 : 0;
		opts.tsecr = tp.rx_opt.ts_recent;
		size += TCPOLEN_TSTAMP_ALIGNED;
	}

	const eff_sacks = tp.rx_opt.num_sacks + (tp.rx_opt.dsack ? 1 : 0);
	if (eff_sacks !== 0) {
		const remaining = MAX_TCP_OPTION_SPACE - size;
		if (remaining < TCPOLEN_SACK_BASE_ALIGNED + TCPOLEN_SACK_PERBLOCK) return size;

		opts.num_sack_blocks = Math.min(
			eff_sacks,
			Math.floor((remaining - TCPOLEN_SACK_BASE_ALIGNED) / TCPOLEN_SACK_PERBLOCK),
		);

		size += TCPOLEN_SACK_BASE_ALIGNED + opts.num_sack_blocks * TCPOLEN_SACK_PERBLOCK;
	}

	return size;
}

/** Sockets whose packets have left the host, to be served by tcp_tasklet_func(). */
class tsq_tasklet {
	head: tcp_sock[] = [];
	readonly event: machine_event;

	constructor(func: (tsq: tsq_tasklet) => void) {
		this.event = new machine_event(() => func(this));
	}
}

const tsq_tasklet_of = machine_var(() => new tsq_tasklet(tcp_tasklet_func));

/**
 * Sends on, as far as the state allows.
 * @kernel net/ipv4/tcp_output.c:1008 (v5.10)
 */
export function tcp_tsq_write(sk: sock): void {
	if (
		((1 << sk.sk_state) &
			(TCPF_ESTABLISHED | TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_CLOSE_WAIT | TCPF_LAST_ACK)) !==
		0
	) {
		const tp = tcp_sk(sk);

		if (tp.lost_out > tp.retrans_out && tp.snd_cwnd > tcp_packets_in_flight(tp)) {
			tcp_mstamp_refresh(tp);
			tcp_xmit_retransmit_queue(sk);
		}

		tcp_write_xmit(sk, tcp_current_mss(sk), tp.nonagle, 0);
	}
}

/**
 * Sends on, or leaves it to the one who owns the socket.
 * @kernel net/ipv4/tcp_output.c:1026 (v5.10)
 */
function tcp_tsq_handler(sk: sock): void {
	if (!sock_owned_by_user(sk)) {
		tcp_tsq_write(sk);
	} else if ((sk.sk_tsq_flags & (1 << TCP_TSQ_DEFERRED)) === 0) {
		sk.sk_tsq_flags |= 1 << TCP_TSQ_DEFERRED;
		sock_hold(sk);
	}
}

/**
 * Lets the sockets send on whose packets have left the host.
 * @kernel net/ipv4/tcp_output.c:1041 (v5.10)
 */
function tcp_tasklet_func(tsq: tsq_tasklet): void {
	const list = tsq.head;

	tsq.head = [];
	for (const tp of list) {
		tp.sk_tsq_flags &= ~TSQF_QUEUED;
		tcp_tsq_handler(tp);
		sk_free(tp);
	}
}

/**
 * Destructor of a segment: gives its bytes back, and wakes a throttled sender.
 * @kernel net/ipv4/tcp_output.c:1139 (v5.10)
 */
export function tcp_wfree(skb: sk_buff): void {
	const sk = skb.sk!;
	const oval = sk.sk_tsq_flags;

	sk.sk_wmem_alloc -= skb.truesize - 1;

	if ((oval & TSQF_THROTTLED) === 0 || (oval & TSQF_QUEUED) !== 0) {
		sk_free(sk);
		return;
	}

	sk.sk_tsq_flags = (oval & ~TSQF_THROTTLED) | TSQF_QUEUED;
	const tsq = tsq_tasklet_of.of(sk.machine);
	if (tsq.head.length === 0) sk.machine.arm(tsq.event, sk.machine.now_ns);
	tsq.head.push(tcp_sk(sk));
}

/**
 * Time has come that pacing set.
 * @kernel net/ipv4/tcp_output.c:1189 (v5.10)
 */
export function tcp_pace_kick(sk: sock): void {
	tcp_tsq_handler(sk);
	sock_put(sk);
}

/**
 * Notes when the next packet may go, and files this one by its time.
 * @kernel net/ipv4/tcp_output.c:1200 (v5.10)
 */
function tcp_update_skb_after_send(sk: sock, skb: sk_buff, prior_wstamp: number): void {
	const tp = tcp_sk(sk);

	if (sk.sk_pacing_status !== SK_PACING_NONE) {
		const rate = sk.sk_pacing_rate;

		if (rate !== Number.POSITIVE_INFINITY && rate !== 0 && tp.data_segs_out >= 10) {
			let len_ns = Math.floor((skb.len * NSEC_PER_SEC) / rate);
			const credit = tp.tcp_wstamp_ns - prior_wstamp;

			len_ns -= Math.min(Math.floor(len_ns / 2), credit);
			tp.tcp_wstamp_ns += len_ns;
		}
	}
	tcp_tsorted_del(tp, skb);
	tcp_tsorted_add_tail(tp, skb);
}

/**
 * Gives a segment its header and hands it, or a clone of it, to the network layer.
 * @param clone_it the packet stays in a queue of ours
 * @param rcv_nxt acknowledgement to send
 * @returns 0, NET_XMIT_* or a negative errno
 * @kernel net/ipv4/tcp_output.c:1239 (v5.10)
 */
function __tcp_transmit_skb(sk: sock, skb: sk_buff, clone_it: boolean, rcv_nxt: number): number {
	const tp = tcp_sk(sk);
	const prior_wstamp = tp.tcp_wstamp_ns;
	let oskb: sk_buff | null = null;

	const pcount = tcp_skb_pcount(skb);
	WARN_ON(sk.machine, pcount === 0, '__tcp_transmit_skb', 'packet without segments');
	tp.tcp_wstamp_ns = Math.max(tp.tcp_wstamp_ns, tp.tcp_clock_cache);
	skb.tstamp = tp.tcp_wstamp_ns;
	if (clone_it) {
		const ocb = TCP_SKB_CB(skb);
		ocb.in_flight = (ocb.end_seq - tp.snd_una) >>> 0;
		oskb = skb;

		if (skb_cloned(oskb)) skb = pskb_copy(oskb);
		else skb = skb_clone(oskb);
		ocb.fclone = skb;
		skb.dev = null;
	}

	const tcb = TCP_SKB_CB(skb);
	const opts = out_options.of(sk.machine);
	opts.clear();

	let tcp_options_size: number;
	if ((tcb.tcp_flags & TCPHDR_SYN) !== 0) {
		tcp_options_size = tcp_syn_options(sk, skb, opts);
	} else {
		tcp_options_size = tcp_established_options(sk, skb, opts);
		/* A GSO packet ends with PSH, which the segments but the last do without. */
		if (pcount > 1) tcb.tcp_flags |= TCPHDR_PSH;
	}
	const tcp_header_size = tcp_options_size + TCPHDR_LEN;

	skb.ooo_okay = sk_wmem_alloc_get(sk) < SKB_TRUESIZE(1);

	const th = skb_push(skb, tcp_header_size);
	skb_reset_transport_header(skb);

	skb_orphan(skb);
	skb.sk = sk;
	skb.destructor = skb_is_tcp_pure_ack(skb) ? __sock_wfree : tcp_wfree;
	skb_set_hash_from_sk(skb, sk);
	sk.sk_wmem_alloc += skb.truesize;

	skb.dst_pending_confirm = sk.sk_dst_pending_confirm;

	const head = skb.head;
	put_unaligned_be16(tp.inet_sport, head, th + TCPHDR_source);
	put_unaligned_be16(tp.inet_dport, head, th + TCPHDR_dest);
	put_unaligned_be32(tcb.seq, head, th + TCPHDR_seq);
	put_unaligned_be32(rcv_nxt, head, th + TCPHDR_ack_seq);
	head[th + TCPHDR_doff] = (tcp_header_size >> 2) << 4;
	head[th + TCPHDR_flags] = tcb.tcp_flags;
	put_unaligned_be16(0, head, th + TCPHDR_check);
	put_unaligned_be16(0, head, th + TCPHDR_urg_ptr);

	tcp_options_write(head, th + TCPHDR_LEN, tp, opts);
	const shinfo = skb_shinfo(skb);
	shinfo.gso_type = sk.sk_gso_type;
	if ((tcb.tcp_flags & TCPHDR_SYN) === 0) {
		put_unaligned_be16(tcp_select_window(sk), head, th + TCPHDR_window);
		tcp_ecn_send(sk, skb, th, tcp_header_size);
	} else {
		put_unaligned_be16(Math.min(tp.rcv_wnd, 65535), head, th + TCPHDR_window);
	}

	tp.icsk_af_ops!.send_check(sk, skb);

	if ((tcb.tcp_flags & TCPHDR_ACK) !== 0) tcp_event_ack_sent(sk, pcount, rcv_nxt);

	if (skb.len !== tcp_header_size) {
		tcp_event_data_sent(tp, sk);
		tp.data_segs_out += pcount;
		tp.bytes_sent += skb.len - tcp_header_size;
	}

	if (after(tcb.end_seq, tp.snd_nxt) || tcb.seq === tcb.end_seq)
		TCP_ADD_STATS(sk.sk_net, TCP_MIB_OUTSEGS, pcount);

	tp.segs_out += pcount;
	shinfo.gso_segs = pcount;
	shinfo.gso_size = tcb.tcp_gso_size;

	/* The time of departure is in skb.tstamp. */

	if (skb.ipcb !== null) skb.ipcb.clear();
	if (skb.ip6cb !== null) skb.ip6cb.clear();

	let err = tp.icsk_af_ops!.queue_xmit(sk, skb);

	if (err > 0) {
		tcp_enter_cwr(sk);
		err = err === NET_XMIT_CN ? 0 : err;
	}
	if (err === 0 && oskb !== null) {
		tcp_update_skb_after_send(sk, oskb, prior_wstamp);
		tcp_rate_skb_sent(sk, oskb);
	}
	return err;
}

/**
 * Sends a segment with the present acknowledgement.
 * @kernel net/ipv4/tcp_output.c:1419 (v5.10)
 */
function tcp_transmit_skb(sk: sock, skb: sk_buff, clone_it: boolean): number {
	return __tcp_transmit_skb(sk, skb, clone_it, tcp_sk(sk).rcv_nxt);
}

/**
 * Puts a segment without data behind the write queue.
 * @kernel net/ipv4/tcp_output.c:1431 (v5.10)
 */
function tcp_queue_skb(sk: sock, skb: sk_buff): void {
	const tp = tcp_sk(sk);

	tp.write_seq = TCP_SKB_CB(skb).end_seq;
	__skb_header_release(skb);
	tcp_add_write_queue_tail(sk, skb);
	sk_wmem_queued_add(sk, skb.truesize);
	sk_mem_charge(sk, skb.truesize);
}

/**
 * Works out how many segments a packet stands for.
 * @kernel net/ipv4/tcp_output.c:1444 (v5.10)
 */
function tcp_set_skb_tso_segs(skb: sk_buff, mss_now: number): void {
	const tcb = TCP_SKB_CB(skb);

	if (skb.len <= mss_now) {
		tcb.tcp_gso_segs = 1;
		tcb.tcp_gso_size = 0;
	} else {
		tcb.tcp_gso_segs = Math.ceil(skb.len / mss_now);
		tcb.tcp_gso_size = mss_now;
	}
}

/**
 * Takes segments off the counters when a packet came to stand for fewer.
 * @kernel net/ipv4/tcp_output.c:1461 (v5.10)
 */
function tcp_adjust_pcount(sk: sock, skb: sk_buff, decr: number): void {
	const tp = tcp_sk(sk);
	const scb = TCP_SKB_CB(skb);

	tp.packets_out -= decr;

	if ((scb.sacked & TCPCB_SACKED_ACKED) !== 0) tp.sacked_out -= decr;
	if ((scb.sacked & TCPCB_SACKED_RETRANS) !== 0) tp.retrans_out -= decr;
	if ((scb.sacked & TCPCB_LOST) !== 0) tp.lost_out -= decr;

	if (tcp_is_reno(tp) && decr > 0) tp.sacked_out -= Math.min(tp.sacked_out, decr);

	if (
		tp.lost_skb_hint !== null &&
		before(scb.seq, TCP_SKB_CB(tp.lost_skb_hint).seq) &&
		(scb.sacked & TCPCB_SACKED_ACKED) !== 0
	)
		tp.lost_cnt_hint -= decr;

	tcp_verify_left_out(tp);
}

/**
 * Leaves the end of a record to the second half.
 * @kernel net/ipv4/tcp_output.c:1509 (v5.10)
 */
function tcp_skb_fragment_eor(skb: sk_buff, skb2: sk_buff): void {
	TCP_SKB_CB(skb2).eor = TCP_SKB_CB(skb).eor;
	TCP_SKB_CB(skb).eor = false;
}

/**
 * Puts the second half of a packet behind the first.
 * @kernel net/ipv4/tcp_output.c:1516 (v5.10)
 */
function tcp_insert_write_queue_after(
	skb: sk_buff,
	buff: sk_buff,
	sk: sock,
	tcp_queue: number,
): void {
	if (tcp_queue === TCP_FRAG_IN_WRITE_QUEUE) __skb_queue_after(sk.sk_write_queue, skb, buff);
	else __skb_queue_after(tcp_sk(sk).tcp_rtx_queue, skb, buff);
}

/**
 * Cuts a packet of a queue in two.
 * @param tcp_queue TCP_FRAG_IN_WRITE_QUEUE or TCP_FRAG_IN_RTX_QUEUE
 * @param len bytes that stay in the first half
 * @returns 0, -EINVAL, or -ENOMEM when the queue holds too much
 * @kernel net/ipv4/tcp_output.c:1532 (v5.10)
 */
export function tcp_fragment(
	sk: sock,
	tcp_queue: number,
	skb: sk_buff,
	len: number,
	mss_now: number,
): number {
	const tp = tcp_sk(sk);

	if (WARN_ON(sk.machine, len > skb.len, 'tcp_fragment', 'cut behind the end')) return -EINVAL;

	let nsize = skb_headlen(skb) - len;
	if (nsize < 0) nsize = 0;

	const limit = sk.sk_sndbuf + 2 * SKB_TRUESIZE(GSO_MAX_SIZE);
	if (
		sk.sk_wmem_queued >> 1 > limit &&
		tcp_queue !== TCP_FRAG_IN_WRITE_QUEUE &&
		skb !== tcp_rtx_queue_head(sk) &&
		skb !== tcp_rtx_queue_tail(sk)
	) {
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPWQUEUETOOBIG);
		return -ENOMEM;
	}

	if (skb_unclone(skb) !== 0) return -ENOMEM;

	const buff = sk_stream_alloc_skb(sk, nsize, true);
	if (buff === null) return -ENOMEM;

	sk_wmem_queued_add(sk, buff.truesize);
	sk_mem_charge(sk, buff.truesize);
	const nlen = skb.len - len - nsize;
	buff.truesize += nlen;
	skb.truesize -= nlen;

	const scb = TCP_SKB_CB(skb);
	const bcb = TCP_SKB_CB(buff);
	bcb.seq = (scb.seq + len) >>> 0;
	bcb.end_seq = scb.end_seq;
	scb.end_seq = bcb.seq;

	const flags = scb.tcp_flags;
	scb.tcp_flags = flags & ~(TCPHDR_FIN | TCPHDR_PSH);
	bcb.tcp_flags = flags;
	bcb.sacked = scb.sacked;
	tcp_skb_fragment_eor(skb, buff);

	skb_split(skb, buff, len);

	buff.ip_summed = CHECKSUM_PARTIAL;

	buff.tstamp = skb.tstamp;

	const old_factor = tcp_skb_pcount(skb);

	tcp_set_skb_tso_segs(skb, mss_now);
	tcp_set_skb_tso_segs(buff, mss_now);

	copy_tx(bcb, scb);

	if (!before(tp.snd_nxt, bcb.end_seq)) {
		const diff = old_factor - tcp_skb_pcount(skb) - tcp_skb_pcount(buff);

		if (diff !== 0) tcp_adjust_pcount(sk, skb, diff);
	}

	__skb_header_release(buff);
	tcp_insert_write_queue_after(skb, buff, sk, tcp_queue);
	if (tcp_queue === TCP_FRAG_IN_RTX_QUEUE) tcp_tsorted_add_after(tp, buff, skb);

	return 0;
}

/**
 * Copies what was noted at transmission.
 * @kernel PORT: TCP_SKB_CB(buff)->tx = TCP_SKB_CB(skb)->tx
 */
function copy_tx(to: ReturnType<typeof TCP_SKB_CB>, from: ReturnType<typeof TCP_SKB_CB>): void {
	to.in_flight = from.in_flight;
	to.is_app_limited = from.is_app_limited;
	to.delivered = from.delivered;
	to.first_tx_mstamp = from.first_tx_mstamp;
	to.delivered_mstamp = from.delivered_mstamp;
}

/**
 * Drops payload at the front of a packet; returns the bytes that were in fragments.
 * @kernel net/ipv4/tcp_output.c:1630 (v5.10)
 */
function __pskb_trim_head(skb: sk_buff, len: number): number {
	let eat = Math.min(len, skb_headlen(skb));

	if (eat !== 0) {
		__skb_pull(skb, eat);
		len -= eat;
		if (len === 0) return 0;
	}
	eat = len;
	let k = 0;
	const shinfo = skb_shinfo(skb);
	for (let i = 0; i < shinfo.nr_frags; i++) {
		const frag = shinfo.frags[i];
		const size = frag.bv_len;

		if (size <= eat) {
			skb_frag_unref(skb, i);
			eat -= size;
		} else {
			const to = shinfo.frags[k];
			to.bv_page = frag.bv_page;
			to.bv_offset = frag.bv_offset + eat;
			to.bv_len = size - eat;
			eat = 0;
			k++;
		}
	}
	shinfo.nr_frags = k;

	skb.data_len -= len;
	skb.len = skb.data_len;
	return len;
}

/**
 * Drops the first len bytes of a sent packet, which are acknowledged; returns 0.
 * @kernel net/ipv4/tcp_output.c:1669 (v5.10)
 */
export function tcp_trim_head(sk: sock, skb: sk_buff, len: number): number {
	const scb = TCP_SKB_CB(skb);

	if (skb_unclone(skb) !== 0) return -ENOMEM;

	const delta_truesize = __pskb_trim_head(skb, len);

	scb.seq = (scb.seq + len) >>> 0;
	skb.ip_summed = CHECKSUM_PARTIAL;

	if (delta_truesize !== 0) {
		skb.truesize -= delta_truesize;
		sk_wmem_queued_add(sk, -delta_truesize);
		sk_mem_uncharge(sk, delta_truesize);
	}

	if (tcp_skb_pcount(skb) > 1) tcp_set_skb_tso_segs(skb, tcp_skb_mss(skb));

	return 0;
}

/**
 * Payload bytes of a packet of a size, TCP options not taken off.
 * @kernel net/ipv4/tcp_output.c:1695 (v5.10)
 */
function __tcp_mtu_to_mss(sk: sock, pmtu: number): number {
	const tp = tcp_sk(sk);
	const af_ops = tp.icsk_af_ops!;
	let mss_now = pmtu - af_ops.net_header_len - TCPHDR_LEN;

	if (af_ops.net_frag_header_len !== 0) {
		const dst = __sk_dst_get(sk);

		if (dst !== null && dst_allfrag(dst)) mss_now -= af_ops.net_frag_header_len;
	}

	if (mss_now > tp.rx_opt.mss_clamp) mss_now = tp.rx_opt.mss_clamp;

	mss_now -= tp.icsk_ext_hdr_len;

	return Math.max(mss_now, sk.sk_net.ipv4.sysctl_tcp_min_snd_mss);
}

/**
 * Payload bytes of a packet of a size.
 * @kernel net/ipv4/tcp_output.c:1727 (v5.10)
 */
export function tcp_mtu_to_mss(sk: sock, pmtu: number): number {
	return __tcp_mtu_to_mss(sk, pmtu) - (tcp_sk(sk).tcp_header_len - TCPHDR_LEN);
}

/**
 * Size of a packet with an amount of payload.
 * @kernel net/ipv4/tcp_output.c:1735 (v5.10)
 */
export function tcp_mss_to_mtu(sk: sock, mss: number): number {
	const tp = tcp_sk(sk);
	const af_ops = tp.icsk_af_ops!;
	let mtu = mss + tp.tcp_header_len + tp.icsk_ext_hdr_len + af_ops.net_header_len;

	if (af_ops.net_frag_header_len !== 0) {
		const dst = __sk_dst_get(sk);

		if (dst !== null && dst_allfrag(dst)) mtu += af_ops.net_frag_header_len;
	}
	return mtu;
}

/**
 * Starts the search for the path MTU by probing, when it is switched on.
 * @kernel net/ipv4/tcp_output.c:1758 (v5.10)
 */
export function tcp_mtup_init(sk: sock): void {
	const tp = tcp_sk(sk);
	const mtup = tp.icsk_mtup;
	const ipv4 = sk.sk_net.ipv4;

	mtup.enabled = ipv4.sysctl_tcp_mtu_probing > 1 ? 1 : 0;
	mtup.search_high = tp.rx_opt.mss_clamp + TCPHDR_LEN + tp.icsk_af_ops!.net_header_len;
	mtup.search_low = tcp_mss_to_mtu(sk, ipv4.sysctl_tcp_base_mss);
	mtup.probe_size = 0;
	if (mtup.enabled !== 0) mtup.probe_timestamp = tcp_jiffies32(sk);
}

/**
 * Sets the segment size from a path MTU; returns it.
 * @kernel net/ipv4/tcp_output.c:1796 (v5.10)
 */
export function tcp_sync_mss(sk: sock, pmtu: number): number {
	const tp = tcp_sk(sk);
	const mtup = tp.icsk_mtup;

	if (mtup.search_high > pmtu) mtup.search_high = pmtu;

	let mss_now = tcp_mtu_to_mss(sk, pmtu);
	mss_now = tcp_bound_to_half_wnd(tp, mss_now);

	tp.icsk_pmtu_cookie = pmtu;
	if (mtup.enabled !== 0) mss_now = Math.min(mss_now, tcp_mtu_to_mss(sk, mtup.search_low));
	tp.mss_cache = mss_now;

	return mss_now;
}

/**
 * Payload bytes of the next segment, with its SACK blocks taken off.
 * @kernel net/ipv4/tcp_output.c:1821 (v5.10)
 */
export function tcp_current_mss(sk: sock): number {
	const tp = tcp_sk(sk);
	const dst = __sk_dst_get(sk);
	let mss_now = tp.mss_cache;

	if (dst !== null) {
		const mtu = dst_mtu(dst);
		if (mtu !== tp.icsk_pmtu_cookie) mss_now = tcp_sync_mss(sk, mtu);
	}

	const header_len = tcp_established_options(sk, null, out_options.of(sk.machine)) + TCPHDR_LEN;
	if (header_len !== tp.tcp_header_len) mss_now -= header_len - tp.tcp_header_len;

	return mss_now;
}

/**
 * Lets the window shrink to what the application used.
 * @kernel net/ipv4/tcp_output.c:1856 (v5.10)
 */
function tcp_cwnd_application_limited(sk: sock): void {
	const tp = tcp_sk(sk);

	if (
		tp.icsk_ca_state === TCP_CA_Open &&
		sk.sk_socket !== null &&
		(sk.sk_socket.flags & (1 << SOCK_NOSPACE)) === 0
	) {
		const init_win = tcp_init_cwnd(tp, __sk_dst_get(sk));
		const win_used = Math.max(tp.snd_cwnd_used, init_win);
		if (win_used < tp.snd_cwnd) {
			tp.snd_ssthresh = tcp_current_ssthresh(sk);
			tp.snd_cwnd = (tp.snd_cwnd + win_used) >>> 1;
		}
		tp.snd_cwnd_used = 0;
	}
	tp.snd_cwnd_stamp = tcp_jiffies32(sk);
}

/**
 * Notes whether the congestion window or the application holds sending back.
 * @kernel net/ipv4/tcp_output.c:1874 (v5.10)
 */
function tcp_cwnd_validate(sk: sock, is_cwnd_limited: boolean): void {
	const tp = tcp_sk(sk);

	if (
		!before(tp.snd_una, tp.max_packets_seq) ||
		tp.packets_out > tp.max_packets_out ||
		is_cwnd_limited
	) {
		tp.max_packets_out = tp.packets_out;
		tp.max_packets_seq = tp.snd_nxt;
		tp.is_cwnd_limited = is_cwnd_limited;
	}

	if (tcp_is_cwnd_limited(sk)) {
		tp.snd_cwnd_used = 0;
		tp.snd_cwnd_stamp = tcp_jiffies32(sk);
	} else {
		if (tp.packets_out > tp.snd_cwnd_used) tp.snd_cwnd_used = tp.packets_out;

		if (
			sk.sk_net.ipv4.sysctl_tcp_slow_start_after_idle !== 0 &&
			tcp_jiffies32(sk) - tp.snd_cwnd_stamp >= tp.icsk_rto &&
			tp.icsk_ca_ops!.cong_control === undefined
		)
			tcp_cwnd_application_limited(sk);

		if (
			tcp_write_queue_empty(sk) &&
			sk.sk_socket !== null &&
			(sk.sk_socket.flags & (1 << SOCK_NOSPACE)) !== 0 &&
			((1 << sk.sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)) !== 0
		)
			tcp_chrono_start(sk, TCP_CHRONO_SNDBUF_LIMITED);
	}
}

/**
 * Tells whether a small segment is on its way.
 * @kernel net/ipv4/tcp_output.c:1919 (v5.10)
 */
function tcp_minshall_check(tp: tcp_sock): boolean {
	return after(tp.snd_sml, tp.snd_una) && !after(tp.snd_sml, tp.snd_nxt);
}

/**
 * Remembers the last small segment.
 * @kernel net/ipv4/tcp_output.c:1933 (v5.10)
 */
function tcp_minshall_update(tp: tcp_sock, mss_now: number, skb: sk_buff): void {
	if (skb.len < tcp_skb_pcount(skb) * mss_now) tp.snd_sml = TCP_SKB_CB(skb).end_seq;
}

/**
 * Tells whether a segment waits for more data.
 * @kernel net/ipv4/tcp_output.c:1947 (v5.10)
 */
function tcp_nagle_check(partial: boolean, tp: tcp_sock, nonagle: number): boolean {
	return (
		partial &&
		((nonagle & TCP_NAGLE_CORK) !== 0 ||
			(nonagle === 0 && tp.packets_out !== 0 && tcp_minshall_check(tp)))
	);
}

/**
 * Segments of a GSO packet: what is sent in about a millisecond.
 * @kernel net/ipv4/tcp_output.c:1958 (v5.10)
 */
function tcp_tso_autosize(sk: sock, mss_now: number, min_tso_segs: number): number {
	const bytes = Math.min(
		Math.floor(sk.sk_pacing_rate / (1 << sk.sk_pacing_shift)),
		(sk.sk_gso_max_size - 1 - MAX_TCP_HEADER) >>> 0,
	);

	return Math.max(Math.floor(bytes / mss_now), min_tso_segs);
}

/**
 * Segments of a GSO packet at most.
 * @kernel net/ipv4/tcp_output.c:1980 (v5.10)
 */
function tcp_tso_segs(sk: sock, mss_now: number): number {
	const ca_ops = tcp_sk(sk).icsk_ca_ops!;
	const min_tso =
		ca_ops.min_tso_segs !== undefined
			? ca_ops.min_tso_segs(sk)
			: sk.sk_net.ipv4.sysctl_tcp_min_tso_segs;

	return Math.min(tcp_tso_autosize(sk, mss_now, min_tso), sk.sk_gso_max_segs);
}

/**
 * How much of a packet may go in one.
 * @kernel net/ipv4/tcp_output.c:1994 (v5.10)
 */
function tcp_mss_split_point(
	sk: sock,
	skb: sk_buff,
	mss_now: number,
	max_segs: number,
	nonagle: number,
): number {
	const tp = tcp_sk(sk);
	const window = (tcp_wnd_end(tp) - TCP_SKB_CB(skb).seq) >>> 0;
	const max_len = mss_now * max_segs;

	if (max_len <= window && skb !== tcp_write_queue_tail(sk)) return max_len;

	const needed = Math.min(skb.len, window);

	if (max_len <= needed) return max_len;

	const partial = needed % mss_now;
	if (tcp_nagle_check(partial !== 0, tp, nonagle)) return needed - partial;

	return needed;
}

/**
 * Segments that the congestion window lets go.
 * @kernel net/ipv4/tcp_output.c:2028 (v5.10)
 */
function tcp_cwnd_test(tp: tcp_sock, skb: sk_buff): number {
	if ((TCP_SKB_CB(skb).tcp_flags & TCPHDR_FIN) !== 0 && tcp_skb_pcount(skb) === 1) return 1;

	const in_flight = tcp_packets_in_flight(tp);
	const cwnd = tp.snd_cwnd;
	if (in_flight >= cwnd) return 0;

	const halfcwnd = Math.max(cwnd >>> 1, 1);
	return Math.min(halfcwnd, cwnd - in_flight);
}

/**
 * Works the segments of a packet out again when the segment size changed.
 * @kernel net/ipv4/tcp_output.c:2054 (v5.10)
 */
function tcp_init_tso_segs(skb: sk_buff, mss_now: number): number {
	let tso_segs = tcp_skb_pcount(skb);

	if (tso_segs === 0 || (tso_segs > 1 && tcp_skb_mss(skb) !== mss_now)) {
		tcp_set_skb_tso_segs(skb, mss_now);
		tso_segs = tcp_skb_pcount(skb);
	}
	return tso_segs;
}

/**
 * Tells whether Nagle lets a packet go.
 * @kernel net/ipv4/tcp_output.c:2069 (v5.10)
 */
function tcp_nagle_test(tp: tcp_sock, skb: sk_buff, cur_mss: number, nonagle: number): boolean {
	if ((nonagle & TCP_NAGLE_PUSH) !== 0) return true;

	if ((TCP_SKB_CB(skb).tcp_flags & TCPHDR_FIN) !== 0) return true;

	return !tcp_nagle_check(skb.len < cur_mss, tp, nonagle);
}

/**
 * Tells whether the peer's window lets at least one segment of a packet go.
 * @kernel net/ipv4/tcp_output.c:2092 (v5.10)
 */
function tcp_snd_wnd_test(tp: tcp_sock, skb: sk_buff, cur_mss: number): boolean {
	const tcb = TCP_SKB_CB(skb);
	let end_seq = tcb.end_seq;

	if (skb.len > cur_mss) end_seq = (tcb.seq + cur_mss) >>> 0;

	return !after(end_seq, tcp_wnd_end(tp));
}

/**
 * Cuts a packet that was not sent in two.
 * @kernel net/ipv4/tcp_output.c:2111 (v5.10)
 */
function tso_fragment(sk: sock, skb: sk_buff, len: number, mss_now: number): number {
	const nlen = skb.len - len;

	if (skb.len !== skb.data_len)
		return tcp_fragment(sk, TCP_FRAG_IN_WRITE_QUEUE, skb, len, mss_now);

	const buff = sk_stream_alloc_skb(sk, 0, true);
	if (buff === null) return -ENOMEM;

	sk_wmem_queued_add(sk, buff.truesize);
	sk_mem_charge(sk, buff.truesize);
	buff.truesize += nlen;
	skb.truesize -= nlen;

	const scb = TCP_SKB_CB(skb);
	const bcb = TCP_SKB_CB(buff);
	bcb.seq = (scb.seq + len) >>> 0;
	bcb.end_seq = scb.end_seq;
	scb.end_seq = bcb.seq;

	const flags = scb.tcp_flags;
	scb.tcp_flags = flags & ~(TCPHDR_FIN | TCPHDR_PSH);
	bcb.tcp_flags = flags;

	bcb.sacked = 0;

	tcp_skb_fragment_eor(skb, buff);

	buff.ip_summed = CHECKSUM_PARTIAL;
	skb_split(skb, buff, len);

	tcp_set_skb_tso_segs(skb, mss_now);
	tcp_set_skb_tso_segs(buff, mss_now);

	__skb_header_release(buff);
	tcp_insert_write_queue_after(skb, buff, sk, TCP_FRAG_IN_WRITE_QUEUE);

	return 0;
}

/* PORT: what tcp_tso_should_defer() finds out by the way, bits of its answer. */
const DEFER = 1;
const DEFER_CWND_LIMITED = 2;
const DEFER_RWND_LIMITED = 4;

/**
 * Tells whether a packet waits for more window; DEFER bits, 0 for sending now.
 * @kernel net/ipv4/tcp_output.c:2168 (v5.10)
 */
function tcp_tso_should_defer(sk: sock, skb: sk_buff, max_segs: number): number {
	const tp = tcp_sk(sk);

	if (tp.icsk_ca_state >= TCP_CA_Recovery) return 0;

	if (tp.tcp_clock_cache - tp.tcp_wstamp_ns - NSEC_PER_MSEC > 0) return 0;

	const in_flight = tcp_packets_in_flight(tp);

	const send_win = (tcp_wnd_end(tp) - TCP_SKB_CB(skb).seq) >>> 0;

	const cong_win = (tp.snd_cwnd - in_flight) * tp.mss_cache;

	const limit = Math.min(send_win, cong_win);

	if (limit >= max_segs * tp.mss_cache) return 0;

	if (skb !== tcp_write_queue_tail(sk) && limit >= skb.len) return 0;

	const win_divisor = sk.sk_net.ipv4.sysctl_tcp_tso_win_divisor;
	if (win_divisor !== 0) {
		const chunk = Math.floor(
			Math.min(tp.snd_wnd, tp.snd_cwnd * tp.mss_cache) / win_divisor,
		);
		if (limit >= chunk) return 0;
	} else if (limit > tcp_max_tso_deferred_mss(tp) * tp.mss_cache) {
		return 0;
	}

	const head = tcp_rtx_queue_head(sk);
	if (head === null) return 0;
	const delta = tp.tcp_clock_cache - head.tstamp;
	if (delta - NSEC_PER_USEC * (tp.srtt_us >>> 4) < 0) return 0;

	if (cong_win < send_win) {
		if (cong_win <= skb.len) return DEFER | DEFER_CWND_LIMITED;
	} else {
		if (send_win <= skb.len) return DEFER | DEFER_RWND_LIMITED;
	}

	if ((TCP_SKB_CB(skb).tcp_flags & TCPHDR_FIN) !== 0 || TCP_SKB_CB(skb).eor) return 0;

	return DEFER;
}

/**
 * Starts the search for the path MTU again after some time.
 * @kernel net/ipv4/tcp_output.c:2270 (v5.10)
 */
function tcp_mtu_check_reprobe(sk: sock): void {
	const tp = tcp_sk(sk);
	const mtup = tp.icsk_mtup;
	const interval = sk.sk_net.ipv4.sysctl_tcp_probe_interval;

	if (tcp_jiffies32(sk) - mtup.probe_timestamp >= interval * HZ) {
		const mss = tcp_current_mss(sk);

		mtup.probe_size = 0;
		mtup.search_high = tp.rx_opt.mss_clamp + TCPHDR_LEN + tp.icsk_af_ops!.net_header_len;
		mtup.search_low = tcp_mss_to_mtu(sk, mss);

		mtup.probe_timestamp = tcp_jiffies32(sk);
	}
}

/**
 * Tells whether the first bytes of the write queue can be put into one packet.
 * @kernel net/ipv4/tcp_output.c:2295 (v5.10)
 */
function tcp_can_coalesce_send_queue_head(sk: sock, len: number): boolean {
	for (let skb = tcp_send_head(sk); skb !== null; skb = skb.next) {
		if (len <= skb.len) break;
		if (TCP_SKB_CB(skb).eor) return false;
		len -= skb.len;
	}
	return true;
}

/**
 * Sends a probe of the path MTU: 1 when sent, 0 when to wait for window, -1 when not now.
 * @kernel net/ipv4/tcp_output.c:2322 (v5.10)
 */
function tcp_mtu_probe(sk: sock): number {
	const tp = tcp_sk(sk);
	const mtup = tp.icsk_mtup;

	if (
		mtup.enabled === 0 ||
		mtup.probe_size !== 0 ||
		tp.icsk_ca_state !== TCP_CA_Open ||
		tp.snd_cwnd < 11 ||
		tp.rx_opt.num_sacks !== 0 ||
		tp.rx_opt.dsack
	)
		return -1;

	const mss_now = tcp_current_mss(sk);
	const probe_size = tcp_mtu_to_mss(sk, (mtup.search_high + mtup.search_low) >> 1);
	const size_needed = probe_size + (tp.reordering + 1) * tp.mss_cache;
	const interval = mtup.search_high - mtup.search_low;
	if (
		probe_size > tcp_mtu_to_mss(sk, mtup.search_high) ||
		interval < sk.sk_net.ipv4.sysctl_tcp_probe_threshold
	) {
		tcp_mtu_check_reprobe(sk);
		return -1;
	}

	if ((tp.write_seq - tp.snd_nxt) >>> 0 < size_needed) return -1;

	if (tp.snd_wnd < size_needed) return -1;
	if (after((tp.snd_nxt + size_needed) >>> 0, tcp_wnd_end(tp))) return 0;

	if (tcp_packets_in_flight(tp) + 2 > tp.snd_cwnd)
		return tcp_packets_in_flight(tp) === 0 ? -1 : 0;

	if (!tcp_can_coalesce_send_queue_head(sk, probe_size)) return -1;

	const nskb = sk_stream_alloc_skb(sk, probe_size, false);
	if (nskb === null) return -1;
	sk_wmem_queued_add(sk, nskb.truesize);
	sk_mem_charge(sk, nskb.truesize);

	let skb = tcp_send_head(sk);
	const ncb = TCP_SKB_CB(nskb);
	ncb.seq = TCP_SKB_CB(skb!).seq;
	ncb.end_seq = (ncb.seq + probe_size) >>> 0;
	ncb.tcp_flags = TCPHDR_ACK;
	ncb.sacked = 0;
	nskb.csum = 0;
	nskb.ip_summed = CHECKSUM_PARTIAL;

	__skb_queue_before(sk.sk_write_queue, skb!, nskb);
	tcp_highest_sack_replace(sk, skb!, nskb);

	let len = 0;
	while (skb !== null) {
		const next: sk_buff | null = skb.next;
		const scb = TCP_SKB_CB(skb);
		const copy = Math.min(skb.len, probe_size - len);
		const at = skb_put(nskb, copy);
		skb_copy_bits(skb, 0, nskb.head, at, copy);

		if (skb.len <= copy) {
			ncb.tcp_flags |= scb.tcp_flags;
			ncb.eor = scb.eor;
			tcp_unlink_write_queue(skb, sk);
			sk_wmem_free_skb(sk, skb);
		} else {
			ncb.tcp_flags |= scb.tcp_flags & ~(TCPHDR_FIN | TCPHDR_PSH);
			if (skb_shinfo(skb).nr_frags === 0) {
				skb_pull(skb, copy);
			} else {
				__pskb_trim_head(skb, copy);
				tcp_set_skb_tso_segs(skb, mss_now);
			}
			scb.seq = (scb.seq + copy) >>> 0;
		}

		len += copy;

		if (len >= probe_size) break;
		skb = next;
	}
	tcp_init_tso_segs(nskb, nskb.len);

	if (tcp_transmit_skb(sk, nskb, true) === 0) {
		tp.snd_cwnd--;
		tcp_event_new_data_sent(sk, nskb);

		mtup.probe_size = tcp_mss_to_mtu(sk, nskb.len);
		tp.mtu_probe_seq_start = ncb.seq;
		tp.mtu_probe_seq_end = ncb.end_seq;

		return 1;
	}

	return -1;
}

/**
 * Tells whether pacing holds sending back, and sees that it goes on in time.
 * @kernel net/ipv4/tcp_output.c:2462 (v5.10)
 */
function tcp_pacing_check(sk: sock): boolean {
	const tp = tcp_sk(sk);

	if (!tcp_needs_internal_pacing(sk)) return false;

	if (tp.tcp_wstamp_ns <= tp.tcp_clock_cache) return false;

	if (!hrtimer_is_queued(tp.pacing_timer!)) {
		hrtimer_start(tp.pacing_timer!, tp.tcp_wstamp_ns);
		sock_hold(sk);
	}
	return true;
}

/**
 * Tells whether enough packets of a socket wait in queues of the host.
 * @kernel net/ipv4/tcp_output.c:2492 (v5.10)
 */
function tcp_small_queue_check(sk: sock, skb: sk_buff, factor: number): boolean {
	let limit = Math.max(
		2 * skb.truesize,
		Math.floor(sk.sk_pacing_rate / (1 << sk.sk_pacing_shift)),
	);
	if (sk.sk_pacing_status === SK_PACING_NONE)
		limit = Math.min(limit, sk.sk_net.ipv4.sysctl_tcp_limit_output_bytes);
	limit *= 1 << factor;

	if (sk.sk_wmem_alloc > limit) {
		if (tcp_rtx_queue_empty(sk)) return false;

		sk.sk_tsq_flags |= TSQF_THROTTLED;
		return true;
	}
	return false;
}

/**
 * Sends what the windows, Nagle and the queues let go.
 * @param push_one 1: one packet; 2: one packet even beyond the congestion window
 * @returns true when nothing is on its way although there is data
 * @kernel net/ipv4/tcp_output.c:2594 (v5.10)
 */
function tcp_write_xmit(sk: sock, mss_now: number, nonagle: number, push_one: number): boolean {
	const tp = tcp_sk(sk);
	let sent_pkts = 0;
	let is_cwnd_limited = false;
	let is_rwnd_limited = false;
	let skb: sk_buff | null;

	tcp_mstamp_refresh(tp);
	if (push_one === 0) {
		const result = tcp_mtu_probe(sk);
		if (result === 0) return false;
		if (result > 0) sent_pkts = 1;
	}

	const max_segs = tcp_tso_segs(sk, mss_now);
	while ((skb = tcp_send_head(sk)) !== null) {
		if (tcp_pacing_check(sk)) break;

		const tso_segs = tcp_init_tso_segs(skb, mss_now);

		let cwnd_quota = tcp_cwnd_test(tp, skb);
		if (cwnd_quota === 0) {
			if (push_one === 2) cwnd_quota = 1;
			else break;
		}

		if (!tcp_snd_wnd_test(tp, skb, mss_now)) {
			is_rwnd_limited = true;
			break;
		}

		if (tso_segs === 1) {
			if (
				!tcp_nagle_test(
					tp,
					skb,
					mss_now,
					tcp_skb_is_last(sk, skb) ? nonagle : TCP_NAGLE_PUSH,
				)
			)
				break;
		} else if (push_one === 0) {
			const defer = tcp_tso_should_defer(sk, skb, max_segs);
			if (defer !== 0) {
				if ((defer & DEFER_CWND_LIMITED) !== 0) is_cwnd_limited = true;
				if ((defer & DEFER_RWND_LIMITED) !== 0) is_rwnd_limited = true;
				break;
			}
		}

		let limit = mss_now;
		if (tso_segs > 1)
			limit = tcp_mss_split_point(
				sk,
				skb,
				mss_now,
				Math.min(cwnd_quota, max_segs),
				nonagle,
			);

		if (skb.len > limit && tso_fragment(sk, skb, limit, mss_now) !== 0) break;

		if (tcp_small_queue_check(sk, skb, 0)) break;

		/* sendmsg may have queued a packet and not filled it yet. */
		const tcb = TCP_SKB_CB(skb);
		if (tcb.end_seq === tcb.seq) break;

		if (tcp_transmit_skb(sk, skb, true) !== 0) break;

		tcp_event_new_data_sent(sk, skb);

		tcp_minshall_update(tp, mss_now, skb);
		sent_pkts += tcp_skb_pcount(skb);

		if (push_one !== 0) break;
	}

	if (is_rwnd_limited) tcp_chrono_start(sk, TCP_CHRONO_RWND_LIMITED);
	else tcp_chrono_stop(sk, TCP_CHRONO_RWND_LIMITED);

	if (tcp_packets_in_flight(tp) >= tp.snd_cwnd) is_cwnd_limited = true;
	if (sent_pkts !== 0 || is_cwnd_limited) tcp_cwnd_validate(sk, is_cwnd_limited);

	if (sent_pkts !== 0) {
		if (tcp_in_cwnd_reduction(sk)) tp.prr_out += sent_pkts;

		if (push_one !== 2) tcp_schedule_loss_probe(sk, false);
		return false;
	}
	return tp.packets_out === 0 && !tcp_write_queue_empty(sk);
}

/**
 * Arms the tail loss probe in place of the retransmission timer; tells whether it did.
 * @kernel net/ipv4/tcp_output.c:2722 (v5.10)
 */
export function tcp_schedule_loss_probe(sk: sock, advancing_rto: boolean): boolean {
	const tp = tcp_sk(sk);
	const early_retrans = sk.sk_net.ipv4.sysctl_tcp_early_retrans;

	if (
		(early_retrans !== 3 && early_retrans !== 4) ||
		tp.packets_out === 0 ||
		!tcp_is_sack(tp) ||
		(tp.icsk_ca_state !== TCP_CA_Open && tp.icsk_ca_state !== TCP_CA_CWR)
	)
		return false;

	let timeout: number;
	if (tp.srtt_us !== 0) {
		timeout = usecs_to_jiffies(tp.srtt_us >>> 2);
		if (tp.packets_out === 1) timeout += TCP_RTO_MIN;
		else timeout += TCP_TIMEOUT_MIN;
	} else {
		timeout = TCP_TIMEOUT_INIT;
	}

	const rto_delta_us =
		(advancing_rto ? jiffies_to_usecs(tp.icsk_rto) : tcp_rto_delta_us(sk)) >>> 0;
	if (rto_delta_us > 0) timeout = Math.min(timeout, usecs_to_jiffies(rto_delta_us));

	tcp_reset_xmit_timer(sk, ICSK_TIME_LOSS_PROBE, timeout, TCP_RTO_MAX);
	return true;
}

/**
 * Tells whether the last transmission of a packet still waits in a queue of the host.
 * @kernel net/ipv4/tcp_output.c:2774 (v5.10)
 */
function skb_still_in_host_queue(sk: sock, skb: sk_buff): boolean {
	const fclone = TCP_SKB_CB(skb).fclone;

	if (
		fclone !== null &&
		fclone.users > 0 &&
		fclone.sk === sk &&
		fclone.shinfo === skb.shinfo &&
		fclone.destructor === tcp_wfree
	) {
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPSPURIOUS_RTX_HOSTQUEUES);
		return true;
	}
	return false;
}

/**
 * Sends new data, or the last segment again, to draw an ACK.
 * @kernel net/ipv4/tcp_output.c:2788 (v5.10)
 */
export function tcp_send_loss_probe(sk: sock): void {
	const tp = tcp_sk(sk);
	const mss = tcp_current_mss(sk);

	rearm_timer: {
		if (tp.tlp_high_seq !== 0) break rearm_timer;

		tp.tlp_retrans = false;
		let skb = tcp_send_head(sk);
		if (skb !== null && tcp_snd_wnd_test(tp, skb, mss)) {
			const pcount = tp.packets_out;
			tcp_write_xmit(sk, mss, TCP_NAGLE_OFF, 2);
			if (tp.packets_out <= pcount) break rearm_timer;
		} else {
			skb = tcp_rtx_queue_tail(sk);
			if (skb === null) {
				WARN_ON(
					sk.machine,
					tp.packets_out !== 0,
					'tcp_send_loss_probe',
					'segments on their way that are in no queue',
				);
				tp.icsk_pending = 0;
				return;
			}

			if (skb_still_in_host_queue(sk, skb)) break rearm_timer;

			const pcount = tcp_skb_pcount(skb);

			if (pcount > 1 && skb.len > (pcount - 1) * mss) {
				if (tcp_fragment(sk, TCP_FRAG_IN_RTX_QUEUE, skb, (pcount - 1) * mss, mss) !== 0)
					break rearm_timer;
				skb = skb.next!;
			}

			if (__tcp_retransmit_skb(sk, skb, 1) !== 0) break rearm_timer;

			tp.tlp_retrans = true;
		}

		/* Until snd_una passes this point no other probe is sent. */
		tp.tlp_high_seq = tp.snd_nxt;

		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPLOSSPROBES);
		tp.icsk_pending = 0;
	}
	tcp_rearm_rto(sk);
}

/**
 * Sends what may go; if nothing may and nothing is on its way, probes the window later.
 * @kernel net/ipv4/tcp_output.c:2855 (v5.10)
 */
export function __tcp_push_pending_frames(sk: sock, cur_mss: number, nonagle: number): void {
	if (sk.sk_state === TCP_CLOSE) return;

	if (tcp_write_xmit(sk, cur_mss, nonagle, 0)) tcp_check_probe_timer(sk);
}

/**
 * Sends what may go.
 * @kernel PORT: inline of include/net/tcp.h:1874, include/ does not import net/
 */
export function tcp_push_pending_frames(sk: sock): void {
	if (tcp_send_head(sk) !== null)
		__tcp_push_pending_frames(sk, tcp_current_mss(sk), tcp_sk(sk).nonagle);
}

/**
 * Sends the one packet of the write queue.
 * @kernel net/ipv4/tcp_output.c:2873 (v5.10)
 */
export function tcp_push_one(sk: sock, mss_now: number): void {
	tcp_write_xmit(sk, mss_now, TCP_NAGLE_PUSH, 1);
}

/**
 * Chooses a window from the free part of the buffer, avoiding silly windows; bytes.
 * @kernel net/ipv4/tcp_output.c:2934 (v5.10)
 */
export function __tcp_select_window(sk: sock): number {
	const tp = tcp_sk(sk);
	const wscale = tp.rx_opt.rcv_wscale;
	let mss = tp.icsk_ack.rcv_mss;
	let free_space = tcp_space(sk);
	const allowed_space = tcp_full_space(sk);
	const full_space = Math.min(tp.window_clamp, allowed_space);

	if (mss > full_space) {
		mss = full_space;
		if (mss <= 0) return 0;
	}

	if (free_space < full_space >> 1) {
		tp.icsk_ack.quick = 0;

		if (tcp_under_memory_pressure(sk))
			tp.rcv_ssthresh = Math.min(tp.rcv_ssthresh, 4 * tp.advmss);

		free_space &= -(1 << wscale);

		if (free_space < allowed_space >> 4 || free_space < mss) return 0;
	}

	if (free_space > tp.rcv_ssthresh) free_space = tp.rcv_ssthresh;

	let window: number;
	if (wscale !== 0) {
		/* A window cannot be said more exactly than by its scale; round up rather than offer nothing. */
		window = align(free_space, 1 << wscale);
	} else {
		window = tp.rcv_wnd;
		if (window <= free_space - mss || window > free_space) window = free_space - (free_space % mss);
		else if (mss === full_space && free_space > window + (full_space >> 1)) window = free_space;
	}

	return window;
}

/**
 * Appends the payload of the next packet of the retransmit queue to a packet.
 * @kernel net/ipv4/tcp_output.c:3032 (v5.10)
 */
function tcp_collapse_retrans(sk: sock, skb: sk_buff): boolean {
	const tp = tcp_sk(sk);
	const next_skb = skb.next!;
	const next_skb_size = next_skb.len;
	const scb = TCP_SKB_CB(skb);
	const ncb = TCP_SKB_CB(next_skb);

	if (next_skb_size !== 0 && tcp_skb_shift(skb, next_skb, 1, next_skb_size) === 0) return false;
	tcp_highest_sack_replace(sk, next_skb, skb);

	scb.end_seq = ncb.end_seq;
	scb.tcp_flags |= ncb.tcp_flags;
	scb.sacked |= ncb.sacked & TCPCB_EVER_RETRANS;
	scb.eor = ncb.eor;

	tcp_clear_retrans_hints_partial(tp);
	if (next_skb === tp.retransmit_skb_hint) tp.retransmit_skb_hint = skb;

	tcp_adjust_pcount(sk, next_skb, tcp_skb_pcount(next_skb));

	tcp_rtx_queue_unlink_and_free(next_skb, sk);
	return true;
}

/**
 * Tells whether a packet may be merged with its neighbour.
 * @kernel net/ipv4/tcp_output.c:3077 (v5.10)
 */
function tcp_can_collapse(_sk: sock, skb: sk_buff): boolean {
	if (tcp_skb_pcount(skb) > 1) return false;
	if (skb_cloned(skb)) return false;
	if ((TCP_SKB_CB(skb).sacked & TCPCB_SACKED_ACKED) !== 0) return false;
	return true;
}

/**
 * Merges small packets that are to be sent again; space is the bytes that fit in one.
 * @kernel net/ipv4/tcp_output.c:3093 (v5.10)
 */
function tcp_retrans_try_collapse(sk: sock, to: sk_buff, space: number): void {
	const tp = tcp_sk(sk);
	let first = true;

	if (sk.sk_net.ipv4.sysctl_tcp_retrans_collapse === 0) return;
	if ((TCP_SKB_CB(to).tcp_flags & TCPHDR_SYN) !== 0) return;

	for (let skb: sk_buff | null = to, tmp: sk_buff | null; skb !== null; skb = tmp) {
		tmp = skb.next;
		if (!tcp_can_collapse(sk, skb)) break;

		if (!tcp_skb_can_collapse(to, skb)) break;

		space -= skb.len;

		if (first) {
			first = false;
			continue;
		}

		if (space < 0) break;

		if (after(TCP_SKB_CB(skb).end_seq, tcp_wnd_end(tp))) break;

		if (!tcp_collapse_retrans(sk, to)) break;
	}
}

/**
 * Sends a packet of the retransmit queue again.
 * @param segs segments at most
 * @returns 0, -EAGAIN, -EBUSY, -EHOSTUNREACH, -ENOMEM or what the network layer says
 * @kernel net/ipv4/tcp_output.c:3134 (v5.10)
 */
export function __tcp_retransmit_skb(sk: sock, skb: sk_buff, segs: number): number {
	const tp = tcp_sk(sk);
	const scb = TCP_SKB_CB(skb);

	if (tp.icsk_mtup.probe_size !== 0) tp.icsk_mtup.probe_size = 0;

	if (
		sk.sk_wmem_alloc >
		Math.min(sk.sk_wmem_queued + (sk.sk_wmem_queued >> 2), sk.sk_sndbuf)
	)
		return -EAGAIN;

	if (skb_still_in_host_queue(sk, skb)) return -EBUSY;

	if (before(scb.seq, tp.snd_una)) {
		if (
			WARN_ON(
				sk.machine,
				before(scb.end_seq, tp.snd_una),
				'__tcp_retransmit_skb',
				'packet is acknowledged',
			)
		)
			return -EINVAL;
		if (tcp_trim_head(sk, skb, (tp.snd_una - scb.seq) >>> 0) !== 0) return -ENOMEM;
	}

	if (tp.icsk_af_ops!.rebuild_header(sk) !== 0) return -EHOSTUNREACH;

	const cur_mss = tcp_current_mss(sk);

	/* A shrunken window lets only its probe, the first segment, go. */
	if (!before(scb.seq, tcp_wnd_end(tp)) && scb.seq !== tp.snd_una) return -EAGAIN;

	const len = cur_mss * segs;
	if (skb.len > len) {
		if (tcp_fragment(sk, TCP_FRAG_IN_RTX_QUEUE, skb, len, cur_mss) !== 0) return -ENOMEM;
	} else {
		if (skb_unclone(skb) !== 0) return -ENOMEM;

		let diff = tcp_skb_pcount(skb);
		tcp_set_skb_tso_segs(skb, cur_mss);
		diff -= tcp_skb_pcount(skb);
		if (diff !== 0) tcp_adjust_pcount(sk, skb, diff);
		if (skb.len < cur_mss) tcp_retrans_try_collapse(sk, skb, cur_mss);
	}

	if ((scb.tcp_flags & TCPHDR_SYN_ECN) === TCPHDR_SYN_ECN) tcp_ecn_clear_syn(sk, skb);

	segs = tcp_skb_pcount(skb);
	TCP_ADD_STATS(sk.sk_net, TCP_MIB_RETRANSSEGS, segs);
	if ((scb.tcp_flags & TCPHDR_SYN) !== 0) NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPSYNRETRANS);
	tp.total_retrans += segs;
	tp.bytes_retrans += skb.len;

	const err = tcp_transmit_skb(sk, skb, true);

	scb.sacked |= TCPCB_EVER_RETRANS;

	if (err !== 0 && err !== -EBUSY) NET_ADD_STATS(sk.sk_net, LINUX_MIB_TCPRETRANSFAIL, segs);
	return err;
}

/**
 * Sends a packet of the retransmit queue again and notes it.
 * @kernel net/ipv4/tcp_output.c:3253 (v5.10)
 */
export function tcp_retransmit_skb(sk: sock, skb: sk_buff, segs: number): number {
	const tp = tcp_sk(sk);
	const err = __tcp_retransmit_skb(sk, skb, segs);

	if (err === 0) {
		TCP_SKB_CB(skb).sacked |= TCPCB_RETRANS;
		tp.retrans_out += tcp_skb_pcount(skb);
	}

	if (tp.retrans_stamp === 0) tp.retrans_stamp = tcp_skb_timestamp(skb);

	if (tp.undo_retrans < 0) tp.undo_retrans = 0;
	tp.undo_retrans += tcp_skb_pcount(skb);
	return err;
}

/**
 * Sends lost packets again as far as the congestion window allows.
 * @kernel net/ipv4/tcp_output.c:3283 (v5.10)
 */
export function tcp_xmit_retransmit_queue(sk: sock): void {
	const tp = tcp_sk(sk);
	let hole: sk_buff | null = null;
	let rearm_timer = false;

	if (tp.packets_out === 0) return;

	const rtx_head = tcp_rtx_queue_head(sk);
	const max_segs = tcp_tso_segs(sk, tcp_current_mss(sk));
	for (let skb = tp.retransmit_skb_hint ?? rtx_head; skb !== null; skb = skb.next) {
		if (tcp_pacing_check(sk)) break;

		if (hole === null) tp.retransmit_skb_hint = skb;

		let segs = tp.snd_cwnd - tcp_packets_in_flight(tp);
		if (segs <= 0) break;
		const sacked = TCP_SKB_CB(skb).sacked;
		segs = Math.min(segs, max_segs);

		if (tp.retrans_out >= tp.lost_out) break;
		if ((sacked & TCPCB_LOST) === 0) {
			if (hole === null && (sacked & (TCPCB_SACKED_RETRANS | TCPCB_SACKED_ACKED)) === 0)
				hole = skb;
			continue;
		}
		const mib_idx =
			tp.icsk_ca_state !== TCP_CA_Loss
				? LINUX_MIB_TCPFASTRETRANS
				: LINUX_MIB_TCPSLOWSTARTRETRANS;

		if ((sacked & (TCPCB_SACKED_ACKED | TCPCB_SACKED_RETRANS)) !== 0) continue;

		if (tcp_small_queue_check(sk, skb, 1)) break;

		if (tcp_retransmit_skb(sk, skb, segs) !== 0) break;

		NET_ADD_STATS(sk.sk_net, mib_idx, tcp_skb_pcount(skb));

		if (tcp_in_cwnd_reduction(sk)) tp.prr_out += tcp_skb_pcount(skb);

		if (skb === rtx_head && tp.icsk_pending !== ICSK_TIME_REO_TIMEOUT) rearm_timer = true;
	}
	if (rearm_timer) tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, tp.icsk_rto, TCP_RTO_MAX);
}

/**
 * Sends a FIN behind what is written, on the last packet if there is one.
 * @kernel net/ipv4/tcp_output.c:3381 (v5.10)
 */
export function tcp_send_fin(sk: sock): void {
	const tp = tcp_sk(sk);
	const tail = tcp_write_queue_tail(sk);
	let tskb = tail;

	if (tskb === null && tcp_under_memory_pressure(sk)) tskb = tcp_rtx_queue_tail(sk);

	if (tskb !== null) {
		const tcb = TCP_SKB_CB(tskb);
		tcb.tcp_flags |= TCPHDR_FIN;
		tcb.end_seq = (tcb.end_seq + 1) >>> 0;
		tp.write_seq = (tp.write_seq + 1) >>> 0;
		if (tail === null) {
			tp.snd_nxt = (tp.snd_nxt + 1) >>> 0;
			return;
		}
	} else {
		const skb = alloc_skb(sk.machine, MAX_TCP_HEADER);
		skb_reserve(skb, MAX_TCP_HEADER);
		sk_forced_mem_schedule(sk, skb.truesize);
		tcp_init_nondata_skb(skb, tp.write_seq, TCPHDR_ACK | TCPHDR_FIN);
		tcp_queue_skb(sk, skb);
	}
	__tcp_push_pending_frames(sk, tcp_current_mss(sk), TCP_NAGLE_OFF);
}

/**
 * Resets a connection.
 * @kernel net/ipv4/tcp_output.c:3430 (v5.10)
 */
export function tcp_send_active_reset(sk: sock): void {
	TCP_INC_STATS(sk.sk_net, TCP_MIB_OUTRSTS);

	const skb = alloc_skb(sk.machine, MAX_TCP_HEADER);

	skb_reserve(skb, MAX_TCP_HEADER);
	tcp_init_nondata_skb(skb, tcp_acceptable_seq(sk), TCPHDR_ACK | TCPHDR_RST);
	tcp_mstamp_refresh(tcp_sk(sk));
	if (tcp_transmit_skb(sk, skb, false) !== 0)
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPABORTFAILED);
}

/**
 * Sends a SYN-ACK for a SYN that crossed ours; returns 0 or a negative errno.
 * @kernel net/ipv4/tcp_output.c:3464 (v5.10)
 */
export function tcp_send_synack(sk: sock): number {
	const tp = tcp_sk(sk);
	let skb = tcp_rtx_queue_head(sk);

	if (skb === null || (TCP_SKB_CB(skb).tcp_flags & TCPHDR_SYN) === 0) {
		sk.machine.record('WARN', 'tcp_send_synack', 'no SYN in the retransmit queue');
		return -EFAULT;
	}
	if ((TCP_SKB_CB(skb).tcp_flags & TCPHDR_ACK) === 0) {
		if (skb_cloned(skb)) {
			const nskb = skb_copy(skb);
			tcp_highest_sack_replace(sk, skb, nskb);
			tcp_rtx_queue_unlink_and_free(skb, sk);
			__skb_header_release(nskb);
			tcp_rbtree_insert(tp.tcp_rtx_queue, nskb);
			sk_wmem_queued_add(sk, nskb.truesize);
			sk_mem_charge(sk, nskb.truesize);
			skb = nskb;
		}

		TCP_SKB_CB(skb).tcp_flags |= TCPHDR_ACK;
		tcp_ecn_send_synack(sk, skb);
	}
	return tcp_transmit_skb(sk, skb, true);
}

/**
 * Makes the SYN-ACK of a request.
 * @param dst route, the packet takes the reference over
 * @kernel net/ipv4/tcp_output.c:3508 (v5.10)
 */
export function tcp_make_synack(
	sk: sock,
	dst: dst_entry,
	req: request_sock,
	synack_type: number,
): sk_buff {
	const ireq = inet_rsk(req);
	const trsk = tcp_rsk(req);
	const skb = alloc_skb(sk.machine, MAX_TCP_HEADER);

	skb_reserve(skb, MAX_TCP_HEADER);

	if (synack_type === TCP_SYNACK_NORMAL) skb_set_owner_w(skb, req_to_sk(req));
	skb._dst = dst;
	skb._dst_noref = false;

	const mss = tcp_mss_clamp(tcp_sk(sk), dst_metric_advmss(dst));

	const opts = out_options.of(sk.machine);
	opts.clear();
	skb.tstamp = sk.machine.now_ns;
	if (trsk.snt_synack === 0) trsk.snt_synack = tcp_skb_timestamp_us(skb);

	skb.hash = trsk.txhash;
	skb.l4_hash = true;
	TCP_SKB_CB(skb).tcp_flags = TCPHDR_SYN | TCPHDR_ACK;
	const tcp_header_size = tcp_synack_options(sk, req, mss, skb, opts) + TCPHDR_LEN;

	const th = skb_push(skb, tcp_header_size);
	skb_reset_transport_header(skb);

	const head = skb.head;
	put_unaligned_be16(ireq.ir_num, head, th + TCPHDR_source);
	put_unaligned_be16(ireq.ir_rmt_port, head, th + TCPHDR_dest);
	skb.mark = ireq.ir_mark;
	skb.ip_summed = CHECKSUM_PARTIAL;
	put_unaligned_be32(trsk.snt_isn, head, th + TCPHDR_seq);
	put_unaligned_be32(trsk.rcv_nxt, head, th + TCPHDR_ack_seq);
	head[th + TCPHDR_doff] = (tcp_header_size >> 2) << 4;
	head[th + TCPHDR_flags] = TCPHDR_SYN | TCPHDR_ACK | (ireq.ecn_ok ? TCPHDR_ECE : 0);
	/* A window in a SYN is never scaled. */
	put_unaligned_be16(Math.min(req.rsk_rcv_wnd, 65535), head, th + TCPHDR_window);
	put_unaligned_be16(0, head, th + TCPHDR_check);
	put_unaligned_be16(0, head, th + TCPHDR_urg_ptr);
	tcp_options_write(head, th + TCPHDR_LEN, null, opts);
	TCP_INC_STATS(sk.sk_net, TCP_MIB_OUTSEGS);

	return skb;
}

/**
 * Takes the congestion control that a route dictates.
 * @kernel net/ipv4/tcp_output.c:3617 (v5.10)
 */
function tcp_ca_dst_init(sk: sock, dst: dst_entry): void {
	const icsk = inet_csk(sk);
	const ca_key = dst_metric(dst, RTAX_CC_ALGO);

	if (ca_key === TCP_CA_UNSPEC) return;

	const ca = tcp_ca_find_key(sk.machine, ca_key >>> 0);
	if (ca !== null) {
		icsk.icsk_ca_dst_locked = tcp_ca_dst_locked(dst);
		icsk.icsk_ca_ops = ca;
	}
}

/**
 * Sets a socket up for an active open.
 * @kernel net/ipv4/tcp_output.c:3637 (v5.10)
 */
function tcp_connect_init(sk: sock): void {
	const dst = __sk_dst_get(sk)!;
	const tp = tcp_sk(sk);
	const ipv4 = sk.sk_net.ipv4;

	tp.tcp_header_len = TCPHDR_LEN;
	if (ipv4.sysctl_tcp_timestamps !== 0) tp.tcp_header_len += TCPOLEN_TSTAMP_ALIGNED;

	if (tp.rx_opt.user_mss !== 0) tp.rx_opt.mss_clamp = tp.rx_opt.user_mss;
	tp.max_window = 0;
	tcp_mtup_init(sk);
	tcp_sync_mss(sk, dst_mtu(dst));

	tcp_ca_dst_init(sk, dst);

	if (tp.window_clamp === 0) tp.window_clamp = dst_metric(dst, RTAX_WINDOW);
	tp.advmss = tcp_mss_clamp(tp, dst_metric_advmss(dst));

	tcp_initialize_rcv_mss(sk);

	if (
		(sk.sk_userlocks & SOCK_RCVBUF_LOCK) !== 0 &&
		(tp.window_clamp > tcp_full_space(sk) || tp.window_clamp === 0)
	)
		tp.window_clamp = tcp_full_space(sk);

	const w = new initial_window();
	w.window_clamp = tp.window_clamp;
	tcp_select_initial_window(
		sk,
		tcp_full_space(sk),
		tp.advmss - (tp.rx_opt.ts_recent_stamp !== 0 ? tp.tcp_header_len - TCPHDR_LEN : 0),
		w,
		ipv4.sysctl_tcp_window_scaling !== 0,
		dst_metric(dst, RTAX_INITRWND),
	);
	tp.rcv_wnd = w.rcv_wnd;
	tp.window_clamp = w.window_clamp;

	tp.rx_opt.rcv_wscale = w.rcv_wscale;
	tp.rcv_ssthresh = tp.rcv_wnd;

	sk.sk_err = 0;
	sock_reset_flag(sk, SOCK_DONE);
	tp.snd_wnd = 0;
	tcp_init_wl(tp, 0);
	tcp_write_queue_purge(sk);
	tp.snd_una = tp.write_seq;
	tp.snd_sml = tp.write_seq;
	tp.snd_nxt = tp.write_seq;

	tp.rcv_nxt = 0;
	tp.rcv_wup = tp.rcv_nxt;
	tp.copied_seq = tp.rcv_nxt;

	tp.icsk_rto = TCP_TIMEOUT_INIT;
	tp.icsk_retransmits = 0;
	tcp_clear_retrans(tp);
}

/**
 * Counts a SYN as written and sent.
 * @kernel net/ipv4/tcp_output.c:3713 (v5.10)
 */
function tcp_connect_queue_skb(sk: sock, skb: sk_buff): void {
	const tp = tcp_sk(sk);
	const tcb = TCP_SKB_CB(skb);

	tcb.end_seq = (tcb.end_seq + skb.len) >>> 0;
	__skb_header_release(skb);
	sk_wmem_queued_add(sk, skb.truesize);
	sk_mem_charge(sk, skb.truesize);
	tp.write_seq = tcb.end_seq;
	tp.packets_out += tcp_skb_pcount(skb);
}

/**
 * Sends the SYN of an active open; returns 0 or a negative errno.
 * @kernel net/ipv4/tcp_output.c:3821 (v5.10)
 */
export function tcp_connect(sk: sock): number {
	const tp = tcp_sk(sk);

	if (tp.icsk_af_ops!.rebuild_header(sk) !== 0) return -EHOSTUNREACH;

	tcp_connect_init(sk);

	let buff = sk_stream_alloc_skb(sk, 0, true);
	if (buff === null) return -ENOBUFS;

	tcp_init_nondata_skb(buff, tp.write_seq, TCPHDR_SYN);
	tp.write_seq = (tp.write_seq + 1) >>> 0;
	tcp_mstamp_refresh(tp);
	tp.retrans_stamp = tcp_time_stamp(tp);
	tcp_connect_queue_skb(sk, buff);
	tcp_ecn_send_syn(sk, buff);
	tcp_rbtree_insert(tp.tcp_rtx_queue, buff);

	const err = tcp_transmit_skb(sk, buff, true);
	if (err === -ECONNREFUSED) return err;

	/* Only now, so that the SYN counts as sent for the first time. */
	tp.snd_nxt = tp.write_seq;
	tp.pushed_seq = tp.write_seq;
	buff = tcp_send_head(sk);
	if (buff !== null) {
		tp.snd_nxt = TCP_SKB_CB(buff).seq;
		tp.pushed_seq = TCP_SKB_CB(buff).seq;
	}
	TCP_INC_STATS(sk.sk_net, TCP_MIB_ACTIVEOPENS);

	inet_csk_reset_xmit_timer(sk, ICSK_TIME_RETRANS, tp.icsk_rto, TCP_RTO_MAX);
	return 0;
}

/**
 * Sends an ACK later, or now when one is due soon anyway.
 * @kernel net/ipv4/tcp_output.c:3879 (v5.10)
 */
export function tcp_send_delayed_ack(sk: sock): void {
	const tp = tcp_sk(sk);
	const now = sk.machine.jiffies;
	let ato = tp.icsk_ack.ato;

	if (ato > TCP_DELACK_MIN) {
		let max_ato = HZ / 2;

		if (inet_csk_in_pingpong_mode(sk) || (tp.icsk_ack.pending & ICSK_ACK_PUSHED) !== 0)
			max_ato = TCP_DELACK_MAX;

		if (tp.srtt_us !== 0) {
			const rtt = Math.max(usecs_to_jiffies(tp.srtt_us >>> 3), TCP_DELACK_MIN);

			if (rtt < max_ato) max_ato = rtt;
		}

		ato = Math.min(ato, max_ato);
	}

	ato = Math.min(ato, tp.icsk_delack_max);

	let timeout = now + ato;

	if ((tp.icsk_ack.pending & ICSK_ACK_TIMER) !== 0) {
		if (tp.icsk_ack.timeout <= now + (ato >> 2)) {
			tcp_send_ack(sk);
			return;
		}

		if (timeout >= tp.icsk_ack.timeout) timeout = tp.icsk_ack.timeout;
	}
	tp.icsk_ack.pending |= ICSK_ACK_SCHED | ICSK_ACK_TIMER;
	tp.icsk_ack.timeout = timeout;
	sk_reset_timer(sk, tp.icsk_delack_timer!, timeout);
}

/**
 * Sends an ACK.
 * @kernel net/ipv4/tcp_output.c:3932 (v5.10)
 */
export function __tcp_send_ack(sk: sock, rcv_nxt: number): void {
	if (sk.sk_state === TCP_CLOSE) return;

	const buff = alloc_skb(sk.machine, MAX_TCP_HEADER);
	skb_reserve(buff, MAX_TCP_HEADER);
	tcp_init_nondata_skb(buff, tcp_acceptable_seq(sk), TCPHDR_ACK);

	skb_set_tcp_pure_ack(buff);

	__tcp_transmit_skb(sk, buff, false, rcv_nxt);
}

/**
 * Sends an ACK of all that arrived in order.
 * @kernel net/ipv4/tcp_output.c:3974 (v5.10)
 */
export function tcp_send_ack(sk: sock): void {
	__tcp_send_ack(sk, tcp_sk(sk).rcv_nxt);
}

/**
 * Sends a segment without data and with an old number, which the peer must answer.
 * @param mib LINUX_MIB_* that counts it
 * @kernel net/ipv4/tcp_output.c:3990 (v5.10)
 */
function tcp_xmit_probe_skb(sk: sock, mib: number): number {
	const tp = tcp_sk(sk);
	const skb = alloc_skb(sk.machine, MAX_TCP_HEADER);

	skb_reserve(skb, MAX_TCP_HEADER);
	tcp_init_nondata_skb(skb, (tp.snd_una - 1) >>> 0, TCPHDR_ACK);
	NET_INC_STATS(sk.sk_net, mib);
	return tcp_transmit_skb(sk, skb, false);
}

/**
 * Asks the peer for its window.
 * @kernel net/ipv4/tcp_output.c:4013 (v5.10)
 */
export function tcp_send_window_probe(sk: sock): void {
	if (sk.sk_state === TCP_ESTABLISHED) {
		const tp = tcp_sk(sk);
		tp.snd_wl1 = (tp.rcv_nxt - 1) >>> 0;
		tcp_mstamp_refresh(tp);
		tcp_xmit_probe_skb(sk, LINUX_MIB_TCPWINPROBE);
	}
}

/**
 * Sends what the window lets go, be it little, or a probe; 0 when sent.
 * @param mib LINUX_MIB_* that counts a probe
 * @kernel net/ipv4/tcp_output.c:4023 (v5.10)
 */
export function tcp_write_wakeup(sk: sock, mib: number): number {
	const tp = tcp_sk(sk);

	if (sk.sk_state === TCP_CLOSE) return -1;

	const skb = tcp_send_head(sk);
	if (skb !== null && before(TCP_SKB_CB(skb).seq, tcp_wnd_end(tp))) {
		const scb = TCP_SKB_CB(skb);
		const mss = tcp_current_mss(sk);
		let seg_size = (tcp_wnd_end(tp) - scb.seq) >>> 0;

		if (before(tp.pushed_seq, scb.end_seq)) tp.pushed_seq = scb.end_seq;

		if (seg_size < (scb.end_seq - scb.seq) >>> 0 || skb.len > mss) {
			seg_size = Math.min(seg_size, mss);
			scb.tcp_flags |= TCPHDR_PSH;
			if (tcp_fragment(sk, TCP_FRAG_IN_WRITE_QUEUE, skb, seg_size, mss) !== 0) return -1;
		} else if (tcp_skb_pcount(skb) === 0) {
			tcp_set_skb_tso_segs(skb, mss);
		}

		scb.tcp_flags |= TCPHDR_PSH;
		const err = tcp_transmit_skb(sk, skb, true);
		if (err === 0) tcp_event_new_data_sent(sk, skb);
		return err;
	}
	return tcp_xmit_probe_skb(sk, mib);
}

/**
 * Probes a zero window and arms the timer for the next probe.
 * @kernel net/ipv4/tcp_output.c:4069 (v5.10)
 */
export function tcp_send_probe0(sk: sock): void {
	const tp = tcp_sk(sk);
	const err = tcp_write_wakeup(sk, LINUX_MIB_TCPWINPROBE);

	if (tp.packets_out !== 0 || tcp_write_queue_empty(sk)) {
		tp.icsk_probes_out = 0;
		tp.icsk_backoff = 0;
		tp.icsk_probes_tstamp = 0;
		return;
	}

	tp.icsk_probes_out++;
	let timeout: number;
	if (err <= 0) {
		if (tp.icsk_backoff < sk.sk_net.ipv4.sysctl_tcp_retries2) tp.icsk_backoff++;
		timeout = tcp_probe0_when(sk, TCP_RTO_MAX);
	} else {
		timeout = TCP_RESOURCE_PROBE_INTERVAL;
	}

	timeout = tcp_clamp_probe0_to_user_timeout(sk, timeout);
	tcp_reset_xmit_timer(sk, ICSK_TIME_PROBE0, timeout, TCP_RTO_MAX);
}

/**
 * Sends the SYN-ACK of a request again; returns 0 or a negative errno.
 * @kernel net/ipv4/tcp_output.c:4103 (v5.10)
 */
export function tcp_rtx_synack(sk: sock, req: request_sock): number {
	const af_ops = tcp_rsk(req).af_specific!;

	tcp_rsk(req).txhash = prandom_u32(sk.machine) || 1;
	const res = af_ops.send_synack(sk, null, af_ops.new_flow(), req, TCP_SYNACK_NORMAL, null);
	if (res === 0) {
		TCP_INC_STATS(sk.sk_net, TCP_MIB_RETRANSSEGS);
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPSYNRETRANS);
	}
	return res;
}
