// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv4/tcp_input.c, base v5.10: receiving segments, loss recovery, windows.
 *
 * PORT: the queues of sent and of out-of-order segments are lists instead of trees. What several files of TCP
 * need of this one is in net/ipv4/tcp_lib.ts, tcp_mark_skb_lost() in net/ipv4/tcp_recovery.ts;
 * tcp_openreq_init_rwin() of net/ipv4/tcp_minisocks.c is here, below that file.
 * Not ported: SYN cookies, fast open, MD5, SMC, MPTCP, TLS, BPF, repair, timestamping of transmitted packets,
 * saved SYNs; urgent data: an urgent byte stays in the stream.
 */
import {
	type dst_entry,
	dst_feature,
	DST_FEATURE_ECN_CA,
	DST_FEATURE_ECN_MASK,
	dst_metric,
	dst_metric_advmss,
	dst_release,
	RTAX_INITRWND,
	RTAX_QUICKACK,
	RTAX_WINDOW,
} from '../../include/net/dst.ts';
import {
	INET_ECN_CE,
	INET_ECN_is_not_ect,
	INET_ECN_MASK,
	INET_ECN_NOT_ECT,
} from '../../include/net/inet_ecn.ts';
import {
	ICSK_ACK_NOW,
	ICSK_ACK_PUSHED,
	ICSK_ACK_PUSHED2,
	ICSK_TIME_DACK,
	ICSK_TIME_PROBE0,
	ICSK_TIME_RETRANS,
	inet_csk,
	inet_csk_ack_scheduled,
	inet_csk_enter_pingpong_mode,
	inet_csk_exit_pingpong_mode,
	inet_csk_in_pingpong_mode,
	inet_csk_reqsk_queue_is_full,
	inet_csk_reqsk_queue_len,
	inet_csk_schedule_ack,
} from '../../include/net/inet_connection_sock.ts';
import { inet_request_mark, inet_sk } from '../../include/net/inet_sock.ts';
import {
	inet_rsk,
	type request_sock,
	type request_sock_ops,
} from '../../include/net/request_sock.ts';
import { l3mdev_master_ifindex_by_index } from '../../include/net/l3mdev.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { NET_ADD_STATS, NET_INC_STATS, TCP_INC_STATS } from '../../include/net/snmp.ts';
import {
	__sk_dst_get,
	__sock_put,
	PAGE_SIZE,
	RCV_SHUTDOWN,
	SEND_SHUTDOWN,
	SIZEOF_SKB_SHARED_INFO,
	SIZEOF_SKBUFF,
	sk_acceptq_is_full,
	sk_drops_add,
	sk_dst_confirm,
	sk_mem_charge,
	sk_memory_allocated,
	sk_prot_mem_limits,
	sk_rethink_txhash,
	type sock,
	SOCK_DEAD,
	SOCK_DONE,
	sock_flag,
	sock_hold,
	SOCK_KEEPOPEN,
	sock_owned_by_user,
	SOCK_RCVBUF_LOCK,
	sock_set_flag,
	SOCK_SNDBUF_LOCK,
} from '../../include/net/sock.ts';
import {
	__tcp_fast_path_on,
	__tcp_set_rto,
	ack_sample,
	after,
	before,
	between,
	CA_ACK_ECE,
	CA_ACK_SLOWPATH,
	CA_ACK_WIN_UPDATE,
	CA_EVENT_COMPLETE_CWR,
	CA_EVENT_ECN_IS_CE,
	CA_EVENT_ECN_NO_CE,
	CA_EVENT_LOSS,
	jiffies_to_usecs,
	keepalive_time_when,
	ktime_get_seconds,
	MAX_TCP_HEADER,
	type rate_sample,
	tcp_advance_highest_sack,
	TCP_ATO_MIN,
	tcp_bound_rto,
	tcp_ca_event,
	tcp_ca_needs_ecn,
	TCP_CHRONO_BUSY,
	TCP_CHRONO_SNDBUF_LIMITED,
	tcp_clear_all_retrans_hints,
	tcp_clear_retrans_hints_partial,
	tcp_clock_us,
	tcp_current_ssthresh,
	TCP_DELACK_MAX,
	TCP_ECN_DEMAND_CWR,
	TCP_ECN_OK,
	TCP_ECN_QUEUE_CWR,
	TCP_ECN_SEEN,
	tcp_fast_path_check,
	tcp_fast_path_on,
	TCP_FASTRETRANS_THRESH,
	tcp_fin_time,
	TCP_FRAG_IN_RTX_QUEUE,
	tcp_full_space,
	tcp_highest_sack,
	tcp_highest_sack_replace,
	tcp_highest_sack_reset,
	tcp_highest_sack_seq,
	tcp_in_cwnd_reduction,
	TCP_INFINITE_SSTHRESH,
	TCP_INIT_CWND,
	tcp_init_wl,
	tcp_is_reno,
	tcp_is_sack,
	tcp_jiffies32,
	tcp_left_out,
	tcp_listendrop,
	TCP_MAX_QUICKACKS,
	TCP_MAX_WSCALE,
	TCP_MIN_MSS,
	tcp_min_rtt,
	TCP_NAGLE_OFF,
	tcp_packets_in_flight,
	tcp_paws_check,
	tcp_paws_reject,
	TCP_PAWS_WINDOW,
	tcp_probe0_when,
	TCP_RACK_LOSS_DETECTION,
	tcp_receive_window,
	type tcp_request_sock_ops,
	tcp_rmem_pressure,
	TCP_RTO_MAX,
	tcp_rto_min_us,
	tcp_rtx_queue_empty,
	tcp_rtx_queue_head,
	tcp_sack_reset,
	tcp_send_head,
	tcp_set_ca_state,
	tcp_skb_can_collapse,
	type tcp_skb_cb,
	TCP_SKB_CB,
	tcp_skb_mss,
	tcp_skb_pcount,
	tcp_skb_pcount_add,
	tcp_skb_timestamp,
	tcp_skb_timestamp_us,
	tcp_space,
	tcp_stamp_us_delta,
	TCP_SYNACK_NORMAL,
	tcp_time_stamp,
	TCP_TIMEOUT_INIT,
	TCP_TIMEOUT_MIN,
	TCP_TIMEWAIT_LEN,
	TCP_TS_HZ,
	tcp_tsorted_del,
	tcp_update_wl,
	tcp_win_from_space,
	tcp_wnd_end,
	tcp_write_queue_empty,
	TCPCB_EVER_RETRANS,
	TCPCB_LOST,
	TCPCB_RETRANS,
	TCPCB_SACKED_ACKED,
	TCPCB_SACKED_RETRANS,
	TCPCB_TAGBITS,
	TCPOLEN_MSS,
	TCPOLEN_SACK_BASE,
	TCPOLEN_SACK_PERBLOCK,
	TCPOLEN_SACK_PERM,
	TCPOLEN_TIMESTAMP,
	TCPOLEN_TSTAMP_ALIGNED,
	TCPOLEN_WINDOW,
	TCPOPT_EOL,
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
	TCP_CLOSE_WAIT,
	TCP_CLOSING,
	TCP_ESTABLISHED,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_LAST_ACK,
	TCP_LISTEN,
	TCP_NEW_SYN_RECV,
	TCP_SYN_RECV,
	TCP_SYN_SENT,
	TCP_TIME_WAIT,
	TCPF_CLOSE_WAIT,
	TCPF_CLOSING,
	TCPF_LAST_ACK,
} from '../../include/net/tcp_states.ts';
import { get_unaligned_be16, get_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import {
	HZ,
	machine_var,
	msecs_to_jiffies,
	NSEC_PER_USEC,
	prandom_u32,
	prandom_u32_max,
	USEC_PER_SEC,
	WARN_ON,
} from '../../include/linux/machine.ts';
import { SOCK_NOSPACE } from '../../include/linux/net.ts';
import {
	__skb_queue_after,
	__skb_queue_before,
	__skb_queue_head,
	__skb_queue_tail,
	__skb_unlink,
	type sk_buff,
	type sk_buff_head,
	skb_headlen,
	skb_is_nonlinear,
	skb_queue_len,
	skb_shinfo,
} from '../../include/linux/skbuff.ts';
import { AF_INET } from '../../include/linux/socket.ts';
import {
	tcp_clear_options,
	TCP_DSACK_SEEN,
	tcp_hdrlen,
	tcp_mss_clamp,
	TCP_NUM_SACKS,
	tcp_options_received,
	TCP_RACK_RECOVERY_THRESH,
	tcp_rsk,
	type tcp_sack_block,
	TCP_SACK_SEEN,
	type tcp_sacktag_state,
	tcp_sk,
	type tcp_sock,
} from '../../include/linux/tcp.ts';
import {
	hrtimer_is_queued,
	hrtimer_start,
	hrtimer_try_to_cancel,
} from '../../include/linux/timer.ts';
import { minmax_running_min } from '../../include/linux/win_minmax.ts';
import { ECONNREFUSED, ECONNRESET, EINVAL, EPIPE } from '../../include/uapi/linux/errno.ts';
import {
	LINUX_MIB_DELAYEDACKLOST,
	LINUX_MIB_LISTENOVERFLOWS,
	LINUX_MIB_OFOPRUNED,
	LINUX_MIB_PAWSACTIVEREJECTED,
	LINUX_MIB_PAWSESTABREJECTED,
	LINUX_MIB_PRUNECALLED,
	LINUX_MIB_RCVPRUNED,
	LINUX_MIB_SACKMERGED,
	LINUX_MIB_SACKSHIFTED,
	LINUX_MIB_SACKSHIFTFALLBACK,
	LINUX_MIB_TCPABORTONDATA,
	LINUX_MIB_TCPACKCOMPRESSED,
	LINUX_MIB_TCPACKSKIPPEDCHALLENGE,
	LINUX_MIB_TCPACKSKIPPEDPAWS,
	LINUX_MIB_TCPACKSKIPPEDSEQ,
	LINUX_MIB_TCPCHALLENGEACK,
	LINUX_MIB_TCPDELIVERED,
	LINUX_MIB_TCPDELIVEREDCE,
	LINUX_MIB_TCPDSACKIGNOREDDUBIOUS,
	LINUX_MIB_TCPDSACKIGNOREDNOUNDO,
	LINUX_MIB_TCPDSACKIGNOREDOLD,
	LINUX_MIB_TCPDSACKOFORECV,
	LINUX_MIB_TCPDSACKOFOSENT,
	LINUX_MIB_TCPDSACKOLDSENT,
	LINUX_MIB_TCPDSACKRECV,
	LINUX_MIB_TCPDSACKRECVSEGS,
	LINUX_MIB_TCPDSACKUNDO,
	LINUX_MIB_TCPDUPLICATEDATAREHASH,
	LINUX_MIB_TCPFULLUNDO,
	LINUX_MIB_TCPHPACKS,
	LINUX_MIB_TCPHPHITS,
	LINUX_MIB_TCPLOSSPROBERECOVERY,
	LINUX_MIB_TCPLOSSUNDO,
	LINUX_MIB_TCPMTUPFAIL,
	LINUX_MIB_TCPMTUPSUCCESS,
	LINUX_MIB_TCPOFODROP,
	LINUX_MIB_TCPOFOMERGE,
	LINUX_MIB_TCPOFOQUEUE,
	LINUX_MIB_TCPPARTIALUNDO,
	LINUX_MIB_TCPPUREACKS,
	LINUX_MIB_TCPRCVCOALESCE,
	LINUX_MIB_TCPRCVCOLLAPSED,
	LINUX_MIB_TCPRCVQDROP,
	LINUX_MIB_TCPRENORECOVERY,
	LINUX_MIB_TCPRENOREORDER,
	LINUX_MIB_TCPREQQFULLDROP,
	LINUX_MIB_TCPSACKDISCARD,
	LINUX_MIB_TCPSACKRECOVERY,
	LINUX_MIB_TCPSACKRENEGING,
	LINUX_MIB_TCPSACKREORDER,
	LINUX_MIB_TCPSPURIOUSRTOS,
	LINUX_MIB_TCPSYNCHALLENGE,
	LINUX_MIB_TCPTSREORDER,
	LINUX_MIB_TCPZEROWINDOWDROP,
	TCP_MIB_CSUMERRORS,
	TCP_MIB_INERRS,
} from '../../include/uapi/linux/snmp.ts';
import {
	TCP_CA_CWR,
	TCP_CA_Disorder,
	TCP_CA_Loss,
	TCP_CA_Open,
	TCP_CA_Recovery,
	TCP_FLAG_FIN,
	TCP_FLAG_PSH,
	TCP_FLAG_SYN,
	TCP_FLAG_URG,
	TCP_MSS_DEFAULT,
	TCP_RESERVED_BITS,
	TCPHDR_ACK,
	TCPHDR_CWR,
	TCPHDR_dest,
	TCPHDR_doff,
	TCPHDR_ECE,
	TCPHDR_FIN,
	TCPHDR_flags,
	TCPHDR_LEN,
	TCPHDR_RST,
	TCPHDR_source,
	TCPHDR_SYN,
	TCPHDR_window,
} from '../../include/uapi/linux/tcp.ts';
import { __reqsk_free, reqsk_alloc, reqsk_put } from '../core/request_sock.ts';
import {
	__kfree_skb,
	__skb_pull,
	__skb_queue_purge,
	alloc_skb,
	consume_skb,
	kfree_skb_partial,
	skb_copy_bits,
	skb_dst_drop,
	skb_put,
	SKB_TRUESIZE,
	skb_try_coalesce,
} from '../core/skbuff.ts';
import { sk_mem_reclaim, sk_rmem_schedule, skb_set_owner_r } from '../core/sock.ts';
import {
	inet_csk_clear_xmit_timer,
	inet_csk_reqsk_queue_hash_add,
	inet_csk_reset_keepalive_timer,
	inet_csk_reset_xmit_timer,
	tcp_reset_xmit_timer,
} from './inet_connection_sock.ts';
import { tcp_init_congestion_control } from './tcp_cong.ts';
import {
	sk_forced_mem_schedule,
	skb_condense,
	tcp_checksum_complete,
	tcp_chrono_stop,
	tcp_clamp_probe0_to_user_timeout,
	tcp_done,
	tcp_ecn_queue_cwr,
	tcp_enter_cwr,
	tcp_init_cwnd,
	tcp_init_cwnd_reduction,
	tcp_initialize_rcv_mss,
	tcp_rearm_rto,
	tcp_rtx_queue_unlink_and_free,
	tcp_set_state,
	tcp_skb_shift,
	tcp_time_wait,
	tcp_under_memory_pressure,
	tcp_verify_left_out,
	tcp_write_queue_purge,
} from './tcp_lib.ts';
import { tcp_init_metrics, tcp_peer_is_proven, tcp_update_metrics } from './tcp_metrics.ts';
import {
	__tcp_push_pending_frames,
	__tcp_select_window,
	initial_window,
	tcp_current_mss,
	tcp_fragment,
	tcp_mss_to_mtu,
	tcp_mstamp_refresh,
	tcp_mtup_init,
	tcp_push_pending_frames,
	tcp_schedule_loss_probe,
	tcp_select_initial_window,
	tcp_send_ack,
	tcp_send_delayed_ack,
	tcp_send_synack,
	tcp_slow_start_after_idle_check,
	tcp_sync_mss,
	tcp_trim_head,
	tcp_xmit_retransmit_queue,
} from './tcp_output.ts';
import { tcp_rate_gen, tcp_rate_skb_delivered } from './tcp_rate.ts';
import {
	tcp_mark_skb_lost,
	tcp_newreno_mark_lost,
	tcp_rack_advance,
	tcp_rack_mark_lost,
	tcp_rack_skb_timeout,
	tcp_rack_update_reo_wnd,
} from './tcp_recovery.ts';

const FLAG_DATA = 0x01;
const FLAG_WIN_UPDATE = 0x02;
const FLAG_DATA_ACKED = 0x04;
const FLAG_RETRANS_DATA_ACKED = 0x08;
const FLAG_SYN_ACKED = 0x10;
const FLAG_DATA_SACKED = 0x20;
const FLAG_ECE = 0x40;
const FLAG_LOST_RETRANS = 0x80;
const FLAG_SLOWPATH = 0x100;
const FLAG_ORIG_SACK_ACKED = 0x200;
const FLAG_SND_UNA_ADVANCED = 0x400;
const FLAG_DSACKING_ACK = 0x800;
const FLAG_SET_XMIT_TIMER = 0x1000;
const FLAG_SACK_RENEGING = 0x2000;
const FLAG_UPDATE_TS_RECENT = 0x4000;
const FLAG_NO_CHALLENGE_ACK = 0x8000;
const FLAG_ACK_MAYBE_DELAYED = 0x10000;

const FLAG_ACKED = FLAG_DATA_ACKED | FLAG_SYN_ACKED;
const FLAG_NOT_DUP = FLAG_DATA | FLAG_WIN_UPDATE | FLAG_ACKED;
const FLAG_CA_ALERT = FLAG_DATA_SACKED | FLAG_ECE | FLAG_DSACKING_ACK;
const FLAG_FORWARD_PROGRESS = FLAG_ACKED | FLAG_DATA_SACKED;

const TCP_REMNANT = TCP_FLAG_FIN | TCP_FLAG_URG | TCP_FLAG_SYN | TCP_FLAG_PSH;
const TCP_HP_BITS = ~(TCP_RESERVED_BITS | TCP_FLAG_PSH);

const REXMIT_NONE = 0;
const REXMIT_LOST = 1;
const REXMIT_NEW = 2;

const INT_MAX = 0x7fffffff;

/**
 * The word of the header that holds its length, the flags and the window.
 * @kernel PORT: the macro tcp_flag_word of include/uapi/linux/tcp.h
 */
function tcp_flag_word(skb: sk_buff): number {
	return get_unaligned_be32(skb.head, skb.transport_header + TCPHDR_doff);
}

/**
 * The TCPHDR_* bits of a packet's header.
 * @kernel PORT: the bit-fields of struct tcphdr
 */
function tcp_hdr_flags(skb: sk_buff): number {
	return skb.head[skb.transport_header + TCPHDR_flags];
}

/**
 * Learns the peer's segment size from what arrives.
 * @kernel net/ipv4/tcp_input.c:226 (v5.10)
 */
function tcp_measure_rcv_mss(sk: sock, skb: sk_buff): void {
	const tp = tcp_sk(sk);
	const ack = tp.icsk_ack;
	const lss = ack.last_seg_size;

	ack.last_seg_size = 0;

	let len = skb_shinfo(skb).gso_size || skb.len;
	if (len >= ack.rcv_mss) {
		ack.rcv_mss = Math.min(len, tp.advmss);
	} else {
		/* From here on with the header, whose options vary. */
		len += skb.data - skb.transport_header;
		if (
			len >= TCP_MSS_DEFAULT + TCPHDR_LEN ||
			(len >= TCP_MIN_MSS + TCPHDR_LEN && (tcp_flag_word(skb) & TCP_REMNANT) === 0)
		) {
			len -= tp.tcp_header_len;
			ack.last_seg_size = len;
			if (len === lss) {
				ack.rcv_mss = len;
				return;
			}
		}
		if ((ack.pending & ICSK_ACK_PUSHED) !== 0) ack.pending |= ICSK_ACK_PUSHED2;
		ack.pending |= ICSK_ACK_PUSHED;
	}
}

/**
 * Allows some more ACKs without delay.
 * @kernel net/ipv4/tcp_input.c:277 (v5.10)
 */
function tcp_incr_quickack(sk: sock, max_quickacks: number): void {
	const tp = tcp_sk(sk);
	let quickacks = Math.floor(tp.rcv_wnd / (2 * tp.icsk_ack.rcv_mss));

	if (quickacks === 0) quickacks = 2;
	quickacks = Math.min(quickacks, max_quickacks);
	if (quickacks > tp.icsk_ack.quick) tp.icsk_ack.quick = quickacks;
}

/**
 * Acknowledges at once for a while.
 * @kernel net/ipv4/tcp_input.c:289 (v5.10)
 */
export function tcp_enter_quickack_mode(sk: sock, max_quickacks: number): void {
	tcp_incr_quickack(sk, max_quickacks);
	inet_csk_exit_pingpong_mode(sk);
	inet_csk(sk).icsk_ack.ato = TCP_ATO_MIN;
}

/**
 * Tells whether ACKs go out without delay.
 * @kernel net/ipv4/tcp_input.c:303 (v5.10)
 */
function tcp_in_quickack_mode(sk: sock): boolean {
	const dst = __sk_dst_get(sk);

	return (
		(dst !== null && dst_metric(dst, RTAX_QUICKACK) !== 0) ||
		(inet_csk(sk).icsk_ack.quick !== 0 && !inet_csk_in_pingpong_mode(sk))
	);
}

/**
 * The peer has heard of congestion.
 * @kernel net/ipv4/tcp_input.c:318 (v5.10)
 */
function tcp_ecn_accept_cwr(sk: sock, skb: sk_buff): void {
	if ((tcp_hdr_flags(skb) & TCPHDR_CWR) !== 0) {
		const tp = tcp_sk(sk);
		const cb = TCP_SKB_CB(skb);

		tp.ecn_flags &= ~TCP_ECN_DEMAND_CWR;

		if (cb.seq !== cb.end_seq) tp.icsk_ack.pending |= ICSK_ACK_NOW;
	}
}

/**
 * Takes back the notice of a reduced window.
 * @kernel net/ipv4/tcp_input.c:332 (v5.10)
 */
function tcp_ecn_withdraw_cwr(tp: tcp_sock): void {
	tp.ecn_flags &= ~TCP_ECN_QUEUE_CWR;
}

/**
 * Looks at the congestion bits of a segment.
 * @kernel net/ipv4/tcp_input.c:337 (v5.10)
 */
function __tcp_ecn_check_ce(sk: sock, skb: sk_buff): void {
	const tp = tcp_sk(sk);

	switch (TCP_SKB_CB(skb).ip_dsfield & INET_ECN_MASK) {
		case INET_ECN_NOT_ECT:
			if ((tp.ecn_flags & TCP_ECN_SEEN) !== 0) tcp_enter_quickack_mode(sk, 2);
			break;
		case INET_ECN_CE:
			if (tcp_ca_needs_ecn(sk)) tcp_ca_event(sk, CA_EVENT_ECN_IS_CE);

			if ((tp.ecn_flags & TCP_ECN_DEMAND_CWR) === 0) {
				tcp_enter_quickack_mode(sk, 2);
				tp.ecn_flags |= TCP_ECN_DEMAND_CWR;
			}
			tp.ecn_flags |= TCP_ECN_SEEN;
			break;
		default:
			if (tcp_ca_needs_ecn(sk)) tcp_ca_event(sk, CA_EVENT_ECN_NO_CE);
			tp.ecn_flags |= TCP_ECN_SEEN;
			break;
	}
}

/**
 * Looks at the congestion bits of a segment when ECN was agreed on.
 * @kernel net/ipv4/tcp_input.c:369 (v5.10)
 */
function tcp_ecn_check_ce(sk: sock, skb: sk_buff): void {
	if ((tcp_sk(sk).ecn_flags & TCP_ECN_OK) !== 0) __tcp_ecn_check_ce(sk, skb);
}

/**
 * Settles ECN by a SYN-ACK.
 * @kernel net/ipv4/tcp_input.c:375 (v5.10)
 */
function tcp_ecn_rcv_synack(tp: tcp_sock, flags: number): void {
	if (
		(tp.ecn_flags & TCP_ECN_OK) !== 0 &&
		((flags & TCPHDR_ECE) === 0 || (flags & TCPHDR_CWR) !== 0)
	)
		tp.ecn_flags &= ~TCP_ECN_OK;
}

/**
 * Settles ECN by a SYN that crossed ours.
 * @kernel net/ipv4/tcp_input.c:381 (v5.10)
 */
function tcp_ecn_rcv_syn(tp: tcp_sock, flags: number): void {
	if (
		(tp.ecn_flags & TCP_ECN_OK) !== 0 &&
		((flags & TCPHDR_ECE) === 0 || (flags & TCPHDR_CWR) === 0)
	)
		tp.ecn_flags &= ~TCP_ECN_OK;
}

/**
 * Tells whether the peer reports congestion.
 * @kernel net/ipv4/tcp_input.c:387 (v5.10)
 */
function tcp_ecn_rcv_ecn_echo(tp: tcp_sock, flags: number): boolean {
	return (
		(flags & TCPHDR_ECE) !== 0 &&
		(flags & TCPHDR_SYN) === 0 &&
		(tp.ecn_flags & TCP_ECN_OK) !== 0
	);
}

/**
 * The power of two that is not smaller.
 * @kernel PORT: include/linux/log2.h roundup_pow_of_two
 */
function roundup_pow_of_two(n: number): number {
	return 2 ** (32 - Math.clz32(n - 1));
}

/**
 * Makes the send buffer large enough for the congestion window.
 * @kernel net/ipv4/tcp_input.c:399 (v5.10)
 */
function tcp_sndbuf_expand(sk: sock): void {
	const tp = tcp_sk(sk);
	const ca_ops = tp.icsk_ca_ops!;

	let per_mss =
		Math.max(tp.rx_opt.mss_clamp, tp.mss_cache) + MAX_TCP_HEADER + SIZEOF_SKB_SHARED_INFO;

	per_mss = roundup_pow_of_two(per_mss) + SIZEOF_SKBUFF;

	let nr_segs = Math.max(TCP_INIT_CWND, tp.snd_cwnd);
	nr_segs = Math.max(nr_segs, tp.reordering + 1);

	let sndmem = ca_ops.sndbuf_expand !== undefined ? ca_ops.sndbuf_expand(sk) : 2;
	sndmem *= nr_segs * per_mss;

	if (sk.sk_sndbuf < sndmem)
		sk.sk_sndbuf = Math.min(sndmem, sk.sk_net.ipv4.sysctl_tcp_wmem[2]);
}

/**
 * How much the window may grow for a packet with much overhead, bytes.
 * @kernel net/ipv4/tcp_input.c:457 (v5.10)
 */
function __tcp_grow_window(sk: sock, skb: sk_buff): number {
	const tp = tcp_sk(sk);
	let truesize = tcp_win_from_space(sk, skb.truesize) >> 1;
	let window = tcp_win_from_space(sk, sk.sk_net.ipv4.sysctl_tcp_rmem[2]) >> 1;

	while (tp.rcv_ssthresh <= window) {
		if (truesize <= skb.len) return 2 * tp.icsk_ack.rcv_mss;

		truesize >>= 1;
		window >>= 1;
	}
	return 0;
}

/**
 * Lets the window that is offered grow.
 * @kernel net/ipv4/tcp_input.c:474 (v5.10)
 */
function tcp_grow_window(sk: sock, skb: sk_buff): void {
	const tp = tcp_sk(sk);
	const room = Math.min(tp.window_clamp, tcp_space(sk)) - tp.rcv_ssthresh;

	if (room > 0 && !tcp_under_memory_pressure(sk)) {
		let incr =
			tcp_win_from_space(sk, skb.truesize) <= skb.len
				? 2 * tp.advmss
				: __tcp_grow_window(sk, skb);

		if (incr !== 0) {
			incr = Math.max(incr, 2 * skb.len);
			tp.rcv_ssthresh += Math.min(room, incr);
			tp.icsk_ack.quick |= 1;
		}
	}
}

/**
 * Sets buffers and windows up for a connection that begins.
 * @kernel net/ipv4/tcp_input.c:504 (v5.10)
 */
function tcp_init_buffer_space(sk: sock): void {
	const tcp_app_win = sk.sk_net.ipv4.sysctl_tcp_app_win;
	const tp = tcp_sk(sk);

	if ((sk.sk_userlocks & SOCK_SNDBUF_LOCK) === 0) tcp_sndbuf_expand(sk);

	tcp_mstamp_refresh(tp);
	tp.rcvq_space.time = tp.tcp_mstamp;
	tp.rcvq_space.seq = tp.copied_seq;

	const maxwin = tcp_full_space(sk);

	if (tp.window_clamp >= maxwin) {
		tp.window_clamp = maxwin;

		if (tcp_app_win !== 0 && maxwin > 4 * tp.advmss)
			tp.window_clamp = Math.max(maxwin - (maxwin >> tcp_app_win), 4 * tp.advmss);
	}

	if (
		tcp_app_win !== 0 &&
		tp.window_clamp > 2 * tp.advmss &&
		tp.window_clamp + tp.advmss > maxwin
	)
		tp.window_clamp = Math.max(2 * tp.advmss, maxwin - tp.advmss);

	tp.rcv_ssthresh = Math.min(tp.rcv_ssthresh, tp.window_clamp);
	tp.snd_cwnd_stamp = tcp_jiffies32(sk);
	tp.rcvq_space.space = Math.min(tp.rcv_ssthresh, tp.rcv_wnd, TCP_INIT_CWND * tp.advmss);
}

/**
 * Makes do with the receive buffer when it is exceeded.
 * @kernel net/ipv4/tcp_input.c:541 (v5.10)
 */
function tcp_clamp_window(sk: sock): void {
	const tp = tcp_sk(sk);
	const rmem_max = sk.sk_net.ipv4.sysctl_tcp_rmem[2];

	tp.icsk_ack.quick = 0;

	if (
		sk.sk_rcvbuf < rmem_max &&
		(sk.sk_userlocks & SOCK_RCVBUF_LOCK) === 0 &&
		!tcp_under_memory_pressure(sk) &&
		sk_memory_allocated(sk) < sk_prot_mem_limits(sk, 0)
	)
		sk.sk_rcvbuf = Math.min(sk.sk_rmem_alloc, rmem_max);
	if (sk.sk_rmem_alloc > sk.sk_rcvbuf)
		tp.rcv_ssthresh = Math.min(tp.window_clamp, 2 * tp.advmss);
}

/**
 * Takes a sample of the round trip time that the receiver sees.
 * @param sample us
 * @param win_dep measured by the filling of a window: only the smallest counts
 * @kernel net/ipv4/tcp_input.c:592 (v5.10)
 */
function tcp_rcv_rtt_update(tp: tcp_sock, sample: number, win_dep: boolean): void {
	let new_sample = tp.rcv_rtt_est.rtt_us;
	let m = sample;

	if (new_sample !== 0) {
		if (!win_dep) {
			m -= new_sample >>> 3;
			new_sample += m;
		} else {
			m *= 8;
			if (m < new_sample) new_sample = m;
		}
	} else {
		new_sample = m * 8;
	}

	tp.rcv_rtt_est.rtt_us = new_sample;
}

/**
 * Measures the round trip time by how long a window takes to arrive.
 * @kernel net/ipv4/tcp_input.c:624 (v5.10)
 */
function tcp_rcv_rtt_measure(tp: tcp_sock): void {
	const est = tp.rcv_rtt_est;

	if (est.time !== 0) {
		if (before(tp.rcv_nxt, est.seq)) return;
		tcp_rcv_rtt_update(tp, tcp_stamp_us_delta(tp.tcp_mstamp, est.time) || 1, true);
	}
	est.seq = (tp.rcv_nxt + tp.rcv_wnd) >>> 0;
	est.time = tp.tcp_mstamp;
}

/**
 * Measures the round trip time by the timestamp echoed in a full-sized segment.
 * @kernel net/ipv4/tcp_input.c:642 (v5.10)
 */
function tcp_rcv_rtt_measure_ts(sk: sock, skb: sk_buff): void {
	const tp = tcp_sk(sk);
	const cb = TCP_SKB_CB(skb);

	if (tp.rx_opt.rcv_tsecr === tp.rcv_rtt_last_tsecr) return;
	tp.rcv_rtt_last_tsecr = tp.rx_opt.rcv_tsecr;

	if ((cb.end_seq - cb.seq) >>> 0 >= tp.icsk_ack.rcv_mss) {
		const delta = (tcp_time_stamp(tp) - tp.rx_opt.rcv_tsecr) >>> 0;

		if (delta < INT_MAX / (USEC_PER_SEC / TCP_TS_HZ))
			tcp_rcv_rtt_update(tp, (delta || 1) * (USEC_PER_SEC / TCP_TS_HZ), false);
	}
}

/**
 * Lets the receive buffer grow with what the application reads in a round trip.
 * @kernel net/ipv4/tcp_input.c:669 (v5.10)
 */
export function tcp_rcv_space_adjust(sk: sock): void {
	const tp = tcp_sk(sk);
	const space = tp.rcvq_space;

	tcp_mstamp_refresh(tp);
	const time = tcp_stamp_us_delta(tp.tcp_mstamp, space.time);
	if (time < tp.rcv_rtt_est.rtt_us >>> 3 || tp.rcv_rtt_est.rtt_us === 0) return;

	const copied = (tp.copied_seq - space.seq) >>> 0;
	if (copied > space.space) {
		if (
			sk.sk_net.ipv4.sysctl_tcp_moderate_rcvbuf !== 0 &&
			(sk.sk_userlocks & SOCK_RCVBUF_LOCK) === 0
		) {
			let rcvwin = copied * 2 + 16 * tp.advmss;

			const grow = Math.floor((rcvwin * (copied - space.space)) / space.space);
			rcvwin += grow * 2;

			let rcvmem = SKB_TRUESIZE(tp.advmss + MAX_TCP_HEADER);
			while (tcp_win_from_space(sk, rcvmem) < tp.advmss) rcvmem += 128;

			rcvwin = Math.floor(rcvwin / tp.advmss);
			const rcvbuf = Math.min(rcvwin * rcvmem, sk.sk_net.ipv4.sysctl_tcp_rmem[2]);
			if (rcvbuf > sk.sk_rcvbuf) {
				sk.sk_rcvbuf = rcvbuf;

				tp.window_clamp = tcp_win_from_space(sk, rcvbuf);
			}
		}
		space.space = copied;
	}

	space.seq = tp.copied_seq;
	space.time = tp.tcp_mstamp;
}

/**
 * Notes that data arrived: schedules its ACK and adapts delay and window.
 * @kernel net/ipv4/tcp_input.c:742 (v5.10)
 */
function tcp_event_data_recv(sk: sock, skb: sk_buff): void {
	const tp = tcp_sk(sk);
	const ack = tp.icsk_ack;

	inet_csk_schedule_ack(sk);

	tcp_measure_rcv_mss(sk, skb);

	tcp_rcv_rtt_measure(tp);

	const now = tcp_jiffies32(sk);

	if (ack.ato === 0) {
		tcp_incr_quickack(sk, TCP_MAX_QUICKACKS);
		ack.ato = TCP_ATO_MIN;
	} else {
		const m = now - ack.lrcvtime;

		if (m <= TCP_ATO_MIN / 2) {
			ack.ato = (ack.ato >> 1) + TCP_ATO_MIN / 2;
		} else if (m < ack.ato) {
			ack.ato = (ack.ato >> 1) + m;
			if (ack.ato > tp.icsk_rto) ack.ato = tp.icsk_rto;
		} else if (m > tp.icsk_rto) {
			tcp_incr_quickack(sk, TCP_MAX_QUICKACKS);
			sk_mem_reclaim(sk);
		}
	}
	ack.lrcvtime = now;

	tcp_ecn_check_ce(sk, skb);

	if (skb.len >= 128) tcp_grow_window(sk, skb);
}

/**
 * Takes a sample into the smoothed round trip time and its deviation (RFC 6298).
 * @param mrtt_us us
 * @kernel net/ipv4/tcp_input.c:797 (v5.10)
 */
function tcp_rtt_estimator(sk: sock, mrtt_us: number): void {
	const tp = tcp_sk(sk);
	let m = mrtt_us;
	let srtt = tp.srtt_us;

	if (srtt !== 0) {
		m -= srtt >>> 3;
		srtt += m;
		if (m < 0) {
			m = -m;
			m -= tp.mdev_us >>> 2;
			/* A shrinking round trip time must not raise the timeout, nor lower it too fast. */
			if (m > 0) m >>= 3;
		} else {
			m -= tp.mdev_us >>> 2;
		}
		tp.mdev_us += m;
		if (tp.mdev_us > tp.mdev_max_us) {
			tp.mdev_max_us = tp.mdev_us;
			if (tp.mdev_max_us > tp.rttvar_us) tp.rttvar_us = tp.mdev_max_us;
		}
		if (after(tp.snd_una, tp.rtt_seq)) {
			if (tp.mdev_max_us < tp.rttvar_us)
				tp.rttvar_us -= (tp.rttvar_us - tp.mdev_max_us) >> 2;
			tp.rtt_seq = tp.snd_nxt;
			tp.mdev_max_us = tcp_rto_min_us(sk);
		}
	} else {
		srtt = m * 8;
		tp.mdev_us = m * 2;
		tp.rttvar_us = Math.max(tp.mdev_us, tcp_rto_min_us(sk));
		tp.mdev_max_us = tp.rttvar_us;
		tp.rtt_seq = tp.snd_nxt;
	}
	tp.srtt_us = Math.max(1, srtt);
}

/**
 * Sets the pacing rate to somewhat more than a window a round trip.
 * @kernel net/ipv4/tcp_input.c:865 (v5.10)
 */
function tcp_update_pacing_rate(sk: sock): void {
	const tp = tcp_sk(sk);
	const ipv4 = sk.sk_net.ipv4;
	let rate = tp.mss_cache * ((USEC_PER_SEC / 100) << 3);

	if (tp.snd_cwnd < Math.floor(tp.snd_ssthresh / 2)) rate *= ipv4.sysctl_tcp_pacing_ss_ratio;
	else rate *= ipv4.sysctl_tcp_pacing_ca_ratio;

	rate *= Math.max(tp.snd_cwnd, tp.packets_out);

	if (tp.srtt_us !== 0) rate = Math.floor(rate / tp.srtt_us);

	sk.sk_pacing_rate = Math.min(rate, sk.sk_max_pacing_rate);
}

/**
 * Sets the retransmission timeout from the round trip time, without back-off.
 * @kernel net/ipv4/tcp_input.c:902 (v5.10)
 */
function tcp_set_rto(sk: sock): void {
	inet_csk(sk).icsk_rto = __tcp_set_rto(tcp_sk(sk));

	tcp_bound_rto(sk);
}

/**
 * Takes notice of a D-SACK.
 * @returns segments that arrived twice; 0 when they cannot come from our retransmissions
 * @kernel net/ipv4/tcp_input.c:958 (v5.10)
 */
function tcp_dsack_seen(
	tp: tcp_sock,
	start_seq: number,
	end_seq: number,
	state: tcp_sacktag_state,
): number {
	let dup_segs = 1;

	if (!before(start_seq, end_seq)) return 0;

	const seq_len = (end_seq - start_seq) >>> 0;
	if (seq_len > tp.max_window) return 0;
	if (seq_len > tp.mss_cache) dup_segs = Math.ceil(seq_len / tp.mss_cache);

	tp.dsack_dups += dup_segs;
	if (tp.dsack_dups > tp.total_retrans) return 0;

	tp.rx_opt.sack_ok |= TCP_DSACK_SEEN;
	tp.rack.dsack_seen = true;

	state.flag |= FLAG_DSACKING_ACK;
	state.sack_delivered += dup_segs;

	return dup_segs;
}

/**
 * Notes that segments were overtaken: low_seq, never sent again, arrived after higher ones.
 * @kernel net/ipv4/tcp_input.c:992 (v5.10)
 */
function tcp_check_sack_reordering(sk: sock, low_seq: number, ts: number): void {
	const tp = tcp_sk(sk);
	const mss = tp.mss_cache;

	const fack = tcp_highest_sack_seq(tp);
	if (!before(low_seq, fack)) return;

	const metric = (fack - low_seq) >>> 0;
	if (metric > tp.reordering * mss && mss !== 0)
		tp.reordering = Math.min(
			Math.floor((metric + mss - 1) / mss),
			sk.sk_net.ipv4.sysctl_tcp_max_reordering,
		);

	tp.reord_seen++;
	NET_INC_STATS(sk.sk_net, ts !== 0 ? LINUX_MIB_TCPTSREORDER : LINUX_MIB_TCPSACKREORDER);
}

/**
 * Counts segments that arrived at the peer.
 * @kernel net/ipv4/tcp_input.c:1071 (v5.10)
 */
function tcp_count_delivered(tp: tcp_sock, delivered: number, ece_ack: boolean): void {
	tp.delivered += delivered;
	if (ece_ack) tp.delivered_ce += delivered;
}

/**
 * Tells whether a SACK block can be true: within what is on its way, or, as a D-SACK, what was not long ago.
 * @param is_dsack the first block, which reports a duplicate
 * @kernel net/ipv4/tcp_input.c:1172 (v5.10)
 */
function tcp_is_sackblock_valid(
	tp: tcp_sock,
	is_dsack: boolean,
	start_seq: number,
	end_seq: number,
): boolean {
	if (after(end_seq, tp.snd_nxt) || !before(start_seq, end_seq)) return false;

	/* Both bounds are tested, lest a start beyond the end by half the number space passes. */
	if (!before(start_seq, tp.snd_nxt)) return false;

	if (after(start_seq, tp.snd_una)) return true;

	if (!is_dsack || tp.undo_marker === 0) return false;

	if (after(end_seq, tp.snd_una)) return false;

	if (!before(start_seq, tp.undo_marker)) return true;

	if (!after(end_seq, tp.undo_marker)) return false;

	return !before(start_seq, (end_seq - tp.max_window) >>> 0);
}

/**
 * Looks for a D-SACK in the first block.
 * @param sp offset of the blocks in the ACK's head
 * @returns whether there is one that counts
 * @kernel net/ipv4/tcp_input.c:1209 (v5.10)
 */
function tcp_check_dsack(
	sk: sock,
	ack_skb: sk_buff,
	sp: number,
	num_sacks: number,
	prior_snd_una: number,
	state: tcp_sacktag_state,
): boolean {
	const tp = tcp_sk(sk);
	const start_seq_0 = get_unaligned_be32(ack_skb.head, sp);
	const end_seq_0 = get_unaligned_be32(ack_skb.head, sp + 4);

	if (before(start_seq_0, TCP_SKB_CB(ack_skb).ack_seq)) {
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPDSACKRECV);
	} else {
		if (num_sacks <= 1) return false;

		const start_seq_1 = get_unaligned_be32(ack_skb.head, sp + 8);
		const end_seq_1 = get_unaligned_be32(ack_skb.head, sp + 12);

		if (after(end_seq_0, end_seq_1) || before(start_seq_0, start_seq_1)) return false;
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPDSACKOFORECV);
	}

	const dup_segs = tcp_dsack_seen(tp, start_seq_0, end_seq_0, state);
	if (dup_segs === 0) {
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPDSACKIGNOREDDUBIOUS);
		return false;
	}

	NET_ADD_STATS(sk.sk_net, LINUX_MIB_TCPDSACKRECVSEGS, dup_segs);

	if (
		tp.undo_marker !== 0 &&
		tp.undo_retrans > 0 &&
		!after(end_seq_0, prior_snd_una) &&
		after(end_seq_0, tp.undo_marker)
	)
		tp.undo_retrans = Math.max(0, tp.undo_retrans - dup_segs);

	return true;
}

/**
 * Tells whether a packet lies in a SACK block; one that lies in it partly is cut at a segment's boundary.
 * @returns 1, 0, or a negative errno when it could not be cut
 * @kernel net/ipv4/tcp_input.c:1256 (v5.10)
 */
function tcp_match_skb_to_sack(
	sk: sock,
	skb: sk_buff,
	start_seq: number,
	end_seq: number,
): number {
	const cb = TCP_SKB_CB(skb);
	let in_sack = !after(start_seq, cb.seq) && !before(end_seq, cb.end_seq);

	if (tcp_skb_pcount(skb) > 1 && !in_sack && after(cb.end_seq, start_seq)) {
		const mss = tcp_skb_mss(skb);
		let pkt_len: number;
		in_sack = !after(start_seq, cb.seq);

		if (!in_sack) {
			pkt_len = (start_seq - cb.seq) >>> 0;
			if (pkt_len < mss) pkt_len = mss;
		} else {
			pkt_len = (end_seq - cb.seq) >>> 0;
			if (pkt_len < mss) return -EINVAL;
		}

		if (pkt_len > mss) {
			let new_len = Math.floor(pkt_len / mss) * mss;
			if (!in_sack && new_len < pkt_len) new_len += mss;
			pkt_len = new_len;
		}

		if (pkt_len >= skb.len && !in_sack) return 0;

		const err = tcp_fragment(sk, TCP_FRAG_IN_RTX_QUEUE, skb, pkt_len, mss);
		if (err < 0) return err;
	}

	return in_sack ? 1 : 0;
}

/**
 * Works the counters out for segments that a SACK block covers.
 * @param sacked TCPCB_* bits before
 * @param xmit_time us
 * @returns the bits afterwards
 * @kernel net/ipv4/tcp_input.c:1305 (v5.10)
 */
function tcp_sacktag_one(
	sk: sock,
	state: tcp_sacktag_state,
	sacked: number,
	start_seq: number,
	end_seq: number,
	dup_sack: boolean,
	pcount: number,
	xmit_time: number,
): number {
	const tp = tcp_sk(sk);

	if (dup_sack && (sacked & TCPCB_RETRANS) !== 0) {
		if (tp.undo_marker !== 0 && tp.undo_retrans > 0 && after(end_seq, tp.undo_marker))
			tp.undo_retrans--;
		if ((sacked & TCPCB_SACKED_ACKED) !== 0 && before(start_seq, state.reord))
			state.reord = start_seq;
	}

	if (!after(end_seq, tp.snd_una)) return sacked;

	if ((sacked & TCPCB_SACKED_ACKED) === 0) {
		tcp_rack_advance(tp, sacked, end_seq, xmit_time);

		if ((sacked & TCPCB_SACKED_RETRANS) !== 0) {
			/* Without the lost mark both copies are taken to be on their way. */
			if ((sacked & TCPCB_LOST) !== 0) {
				sacked &= ~(TCPCB_LOST | TCPCB_SACKED_RETRANS);
				tp.lost_out -= pcount;
				tp.retrans_out -= pcount;
			}
		} else {
			if ((sacked & TCPCB_RETRANS) === 0) {
				if (
					before(start_seq, tcp_highest_sack_seq(tp)) &&
					before(start_seq, state.reord)
				)
					state.reord = start_seq;

				if (!after(end_seq, tp.high_seq)) state.flag |= FLAG_ORIG_SACK_ACKED;
				if (state.first_sackt === 0) state.first_sackt = xmit_time;
				state.last_sackt = xmit_time;
			}

			if ((sacked & TCPCB_LOST) !== 0) {
				sacked &= ~TCPCB_LOST;
				tp.lost_out -= pcount;
			}
		}

		sacked |= TCPCB_SACKED_ACKED;
		state.flag |= FLAG_DATA_SACKED;
		tp.sacked_out += pcount;
		state.sack_delivered += pcount;

		if (tp.lost_skb_hint !== null && before(start_seq, TCP_SKB_CB(tp.lost_skb_hint).seq))
			tp.lost_cnt_hint += pcount;
	}

	if (dup_sack && (sacked & TCPCB_SACKED_RETRANS) !== 0) {
		sacked &= ~TCPCB_SACKED_RETRANS;
		tp.retrans_out -= pcount;
	}

	return sacked;
}

/**
 * Follows up that payload of a packet moved to the SACKed one before it.
 * @param pcount segments that moved
 * @param shifted bytes
 * @returns whether the packet is used up, and gone
 * @kernel net/ipv4/tcp_input.c:1390 (v5.10)
 */
function tcp_shifted_skb(
	sk: sock,
	prev: sk_buff,
	skb: sk_buff,
	state: tcp_sacktag_state,
	pcount: number,
	shifted: number,
	mss: number,
	dup_sack: boolean,
): boolean {
	const tp = tcp_sk(sk);
	const cb = TCP_SKB_CB(skb);
	const pcb = TCP_SKB_CB(prev);
	const start_seq = cb.seq;
	const end_seq = (start_seq + shifted) >>> 0;

	/* Before the numbers move, for the highest SACK may be this packet's. */
	tcp_sacktag_one(
		sk,
		state,
		cb.sacked,
		start_seq,
		end_seq,
		dup_sack,
		pcount,
		tcp_skb_timestamp_us(skb),
	);
	tcp_rate_skb_delivered(sk, skb, state.rate);

	if (skb === tp.lost_skb_hint) tp.lost_cnt_hint += pcount;

	pcb.end_seq = (pcb.end_seq + shifted) >>> 0;
	cb.seq = (cb.seq + shifted) >>> 0;

	tcp_skb_pcount_add(prev, pcount);
	WARN_ON(
		sk.machine,
		tcp_skb_pcount(skb) < pcount,
		'tcp_shifted_skb',
		'more segments moved than there were',
	);
	tcp_skb_pcount_add(skb, -pcount);

	if (pcb.tcp_gso_size === 0) pcb.tcp_gso_size = mss;

	if (tcp_skb_pcount(skb) <= 1) cb.tcp_gso_size = 0;

	pcb.sacked |= cb.sacked & TCPCB_EVER_RETRANS;

	if (skb.len > 0) {
		NET_INC_STATS(sk.sk_net, LINUX_MIB_SACKSHIFTED);
		return false;
	}

	if (skb === tp.retransmit_skb_hint) tp.retransmit_skb_hint = prev;
	if (skb === tp.lost_skb_hint) {
		tp.lost_skb_hint = prev;
		tp.lost_cnt_hint -= tcp_skb_pcount(prev);
	}

	pcb.tcp_flags |= cb.tcp_flags;
	pcb.eor = cb.eor;
	if ((cb.tcp_flags & TCPHDR_FIN) !== 0) pcb.end_seq = (pcb.end_seq + 1) >>> 0;

	if (skb === tcp_highest_sack(sk)) tcp_advance_highest_sack(sk, skb);

	pcb.delivered_mstamp = 0;

	tcp_rtx_queue_unlink_and_free(skb, sk);

	NET_INC_STATS(sk.sk_net, LINUX_MIB_SACKMERGED);

	return true;
}

/**
 * Payload bytes of a packet's segments.
 * @kernel net/ipv4/tcp_input.c:1475 (v5.10)
 */
function tcp_skb_seglen(skb: sk_buff): number {
	return tcp_skb_pcount(skb) === 1 ? skb.len : tcp_skb_mss(skb);
}

/**
 * Tells whether a packet's payload is in fragments only.
 * @kernel net/ipv4/tcp_input.c:1481 (v5.10)
 */
function skb_can_shift(skb: sk_buff): boolean {
	return skb_headlen(skb) === 0 && skb_is_nonlinear(skb);
}

/**
 * Moves newly SACKed payload to the SACKed packet before, to keep the queue short.
 * @returns the packet to go on behind; the same packet when nothing is to be done with it; null when it is to
 * be tagged on its own
 * @kernel net/ipv4/tcp_input.c:1504 (v5.10)
 */
function tcp_shift_skb_data(
	sk: sock,
	skb: sk_buff,
	state: tcp_sacktag_state,
	start_seq: number,
	end_seq: number,
	dup_sack: boolean,
): sk_buff | null {
	const tp = tcp_sk(sk);
	const cb = TCP_SKB_CB(skb);
	let pcount: number;
	let len: number;
	let mss: number;

	fallback: {
		if (!dup_sack && (cb.sacked & (TCPCB_LOST | TCPCB_SACKED_RETRANS)) === TCPCB_SACKED_RETRANS)
			break fallback;
		if (!skb_can_shift(skb)) break fallback;
		if (!after(cb.end_seq, tp.snd_una)) break fallback;

		const prev = skb.prev;
		if (prev === null) break fallback;

		if ((TCP_SKB_CB(prev).sacked & TCPCB_TAGBITS) !== TCPCB_SACKED_ACKED) break fallback;

		if (!tcp_skb_can_collapse(prev, skb)) break fallback;

		if (!after(start_seq, cb.seq) && !before(end_seq, cb.end_seq)) {
			len = skb.len;
			pcount = tcp_skb_pcount(skb);
			mss = tcp_skb_seglen(skb);

			if (mss !== tcp_skb_seglen(prev)) break fallback;
		} else {
			if (!after(cb.end_seq, start_seq)) return skb;
			if (tcp_skb_pcount(skb) <= 1) return skb;

			if (after(start_seq, cb.seq)) break fallback;

			len = (end_seq - cb.seq) >>> 0;

			mss = tcp_skb_mss(skb);

			if (mss !== tcp_skb_seglen(prev)) break fallback;

			if (len === mss) {
				pcount = 1;
			} else if (len < mss) {
				return skb;
			} else {
				pcount = Math.floor(len / mss);
				len = pcount * mss;
			}
		}

		if (!after((cb.seq + len) >>> 0, tp.snd_una)) break fallback;

		if (tcp_skb_shift(prev, skb, pcount, len) === 0) break fallback;
		if (!tcp_shifted_skb(sk, prev, skb, state, pcount, len, mss, dup_sack)) return prev;

		/* A hole is filled: the packet behind may have been SACKed before. */
		const next = prev.next;
		if (next === null) return prev;

		if (
			!skb_can_shift(next) ||
			(TCP_SKB_CB(next).sacked & TCPCB_TAGBITS) !== TCPCB_SACKED_ACKED ||
			mss !== tcp_skb_seglen(next)
		)
			return prev;

		len = next.len;
		pcount = tcp_skb_pcount(next);
		if (tcp_skb_shift(prev, next, pcount, len) !== 0)
			tcp_shifted_skb(sk, prev, next, state, pcount, len, mss, false);

		return prev;
	}

	NET_INC_STATS(sk.sk_net, LINUX_MIB_SACKSHIFTFALLBACK);
	return null;
}

/**
 * Tags the packets of a SACK block.
 * @param skb where to begin, null for nowhere
 * @param next_dup a block inside this one that reports duplicates
 * @returns where it ended, null at the end of the queue
 * @kernel net/ipv4/tcp_input.c:1640 (v5.10)
 */
function tcp_sacktag_walk(
	skb: sk_buff | null,
	sk: sock,
	next_dup: tcp_sack_block | null,
	state: tcp_sacktag_state,
	start_seq: number,
	end_seq: number,
	dup_sack_in: boolean,
): sk_buff | null {
	const tp = tcp_sk(sk);

	for (; skb !== null; skb = skb.next) {
		let in_sack = 0;
		let dup_sack = dup_sack_in;

		if (!before(TCP_SKB_CB(skb).seq, end_seq)) break;

		if (next_dup !== null && before(TCP_SKB_CB(skb).seq, next_dup.end_seq)) {
			in_sack = tcp_match_skb_to_sack(sk, skb, next_dup.start_seq, next_dup.end_seq);
			if (in_sack > 0) dup_sack = true;
		}

		if (in_sack <= 0) {
			const tmp = tcp_shift_skb_data(sk, skb, state, start_seq, end_seq, dup_sack);
			if (tmp !== null) {
				if (tmp !== skb) {
					skb = tmp;
					continue;
				}

				in_sack = 0;
			} else {
				in_sack = tcp_match_skb_to_sack(sk, skb, start_seq, end_seq);
			}
		}

		if (in_sack < 0) break;

		if (in_sack !== 0) {
			const cb = TCP_SKB_CB(skb);
			cb.sacked = tcp_sacktag_one(
				sk,
				state,
				cb.sacked,
				cb.seq,
				cb.end_seq,
				dup_sack,
				tcp_skb_pcount(skb),
				tcp_skb_timestamp_us(skb),
			);
			tcp_rate_skb_delivered(sk, skb, state.rate);
			if ((cb.sacked & TCPCB_SACKED_ACKED) !== 0) tcp_tsorted_del(tp, skb);

			if (!before(cb.seq, tcp_highest_sack_seq(tp))) tcp_advance_highest_sack(sk, skb);
		}
	}
	return skb;
}

/**
 * Finds the packet that holds a sequence number.
 * @kernel PORT: net/ipv4/tcp_input.c:1683 tcp_sacktag_bsearch; the list is walked from its nearer end
 */
function tcp_sacktag_bsearch(sk: sock, seq: number): sk_buff | null {
	const { first, last } = tcp_sk(sk).tcp_rtx_queue;
	let skb: sk_buff | null;

	if (first === null || last === null) return null;
	if ((seq - TCP_SKB_CB(first).seq) >>> 0 <= (TCP_SKB_CB(last).end_seq - seq) >>> 0) {
		for (skb = first; skb !== null; skb = skb.next) {
			if (before(seq, TCP_SKB_CB(skb).seq)) return null;
			if (before(seq, TCP_SKB_CB(skb).end_seq)) return skb;
		}
	} else {
		for (skb = last; skb !== null; skb = skb.prev) {
			if (!before(seq, TCP_SKB_CB(skb).end_seq)) return null;
			if (!before(seq, TCP_SKB_CB(skb).seq)) return skb;
		}
	}
	return null;
}

/**
 * Goes to the packet that holds a sequence number, unless the walk is beyond it.
 * @kernel net/ipv4/tcp_input.c:1733 (v5.10)
 */
function tcp_sacktag_skip(skb: sk_buff | null, sk: sock, skip_to_seq: number): sk_buff | null {
	if (skb !== null && after(TCP_SKB_CB(skb).seq, skip_to_seq)) return skb;

	return tcp_sacktag_bsearch(sk, skip_to_seq);
}

/**
 * Tags the duplicates of a span that is skipped.
 * @kernel net/ipv4/tcp_input.c:1742 (v5.10)
 */
function tcp_maybe_skipping_dsack(
	skb: sk_buff | null,
	sk: sock,
	next_dup: tcp_sack_block | null,
	state: tcp_sacktag_state,
	skip_to_seq: number,
): sk_buff | null {
	if (next_dup === null) return skb;

	if (before(next_dup.start_seq, skip_to_seq)) {
		skb = tcp_sacktag_skip(skb, sk, next_dup.start_seq);
		skb = tcp_sacktag_walk(
			skb,
			sk,
			null,
			state,
			next_dup.start_seq,
			next_dup.end_seq,
			true,
		);
	}

	return skb;
}

/**
 * Takes the SACK blocks of an ACK into the retransmit queue.
 * @param prior_snd_una snd_una before this ACK
 * @returns FLAG_* bits
 * @kernel net/ipv4/tcp_input.c:1767 (v5.10)
 */
function tcp_sacktag_write_queue(
	sk: sock,
	ack_skb: sk_buff,
	prior_snd_una: number,
	state: tcp_sacktag_state,
): number {
	const tp = tcp_sk(sk);
	const ptr = ack_skb.transport_header + TCP_SKB_CB(ack_skb).sacked;
	const sp_wire = ptr + 2;
	const sp = state.sp;
	const cached = tp.recv_sack_cache;
	const num_sacks = Math.min(TCP_NUM_SACKS, (ack_skb.head[ptr + 1] - TCPOLEN_SACK_BASE) >> 3);
	let skb: sk_buff | null;
	let i: number;
	let j: number;

	state.flag = 0;
	state.reord = tp.snd_nxt;

	if (tp.sacked_out === 0) tcp_highest_sack_reset(sk);

	const found_dup_sack = tcp_check_dsack(sk, ack_skb, sp_wire, num_sacks, prior_snd_una, state);

	if (before(TCP_SKB_CB(ack_skb).ack_seq, (prior_snd_una - tp.max_window) >>> 0)) return 0;

	if (tp.packets_out === 0) return state.flag;

	let used_sacks = 0;
	let first_sack_index = 0;
	for (i = 0; i < num_sacks; i++) {
		const dup_sack = i === 0 && found_dup_sack;
		const b = sp[used_sacks];

		b.start_seq = get_unaligned_be32(ack_skb.head, sp_wire + 8 * i);
		b.end_seq = get_unaligned_be32(ack_skb.head, sp_wire + 8 * i + 4);

		if (!tcp_is_sackblock_valid(tp, dup_sack, b.start_seq, b.end_seq)) {
			let mib_idx: number;

			if (dup_sack) {
				if (tp.undo_marker === 0) mib_idx = LINUX_MIB_TCPDSACKIGNOREDNOUNDO;
				else mib_idx = LINUX_MIB_TCPDSACKIGNOREDOLD;
			} else {
				if (
					TCP_SKB_CB(ack_skb).ack_seq !== tp.snd_una &&
					!after(b.end_seq, tp.snd_una)
				)
					continue;
				mib_idx = LINUX_MIB_TCPSACKDISCARD;
			}

			NET_INC_STATS(sk.sk_net, mib_idx);
			if (i === 0) first_sack_index = -1;
			continue;
		}

		if (!after(b.end_seq, prior_snd_una)) {
			if (i === 0) first_sack_index = -1;
			continue;
		}

		used_sacks++;
	}

	/* In order, so that the queue is walked once. */
	for (i = used_sacks - 1; i > 0; i--) {
		for (j = 0; j < i; j++) {
			if (after(sp[j].start_seq, sp[j + 1].start_seq)) {
				const b = sp[j];
				sp[j] = sp[j + 1];
				sp[j + 1] = b;

				if (j === first_sack_index) first_sack_index = j + 1;
			}
		}
	}

	state.mss_now = tcp_current_mss(sk);
	skb = null;
	i = 0;

	/* Place in the blocks of the ACK before this one; behind the last there is nothing known. */
	let cache = 0;
	if (tp.sacked_out === 0) {
		cache = TCP_NUM_SACKS;
	} else {
		while (
			cache < TCP_NUM_SACKS &&
			cached[cache].start_seq === 0 &&
			cached[cache].end_seq === 0
		)
			cache++;
	}

	while (i < used_sacks) {
		const start_seq = sp[i].start_seq;
		const end_seq = sp[i].end_seq;
		const dup_sack = found_dup_sack && i === first_sack_index;
		const next_dup = found_dup_sack && i + 1 === first_sack_index ? sp[i + 1] : null;

		while (cache < TCP_NUM_SACKS && !before(start_seq, cached[cache].end_seq)) cache++;

		walk: {
			if (
				cache < TCP_NUM_SACKS &&
				!dup_sack &&
				after(end_seq, cached[cache].start_seq)
			) {
				const c = cached[cache];

				if (before(start_seq, c.start_seq)) {
					skb = tcp_sacktag_skip(skb, sk, start_seq);
					skb = tcp_sacktag_walk(
						skb,
						sk,
						next_dup,
						state,
						start_seq,
						c.start_seq,
						dup_sack,
					);
				}

				/* The rest is known. */
				if (!after(end_seq, c.end_seq)) {
					i++;
					continue;
				}

				skb = tcp_maybe_skipping_dsack(skb, sk, next_dup, state, c.end_seq);

				if (tcp_highest_sack_seq(tp) === c.end_seq) {
					skb = tcp_highest_sack(sk);
					if (skb === null) break;
					cache++;
					break walk;
				}

				skb = tcp_sacktag_skip(skb, sk, c.end_seq);
				cache++;
				continue;
			}

			if (!before(start_seq, tcp_highest_sack_seq(tp))) {
				skb = tcp_highest_sack(sk);
				if (skb === null) break;
			}
			skb = tcp_sacktag_skip(skb, sk, start_seq);
		}

		skb = tcp_sacktag_walk(skb, sk, next_dup, state, start_seq, end_seq, dup_sack);
		i++;
	}

	for (i = 0; i < TCP_NUM_SACKS - used_sacks; i++) {
		cached[i].start_seq = 0;
		cached[i].end_seq = 0;
	}
	for (j = 0; j < used_sacks; j++) cached[i++].copy_from(sp[j]);

	if (tp.icsk_ca_state !== TCP_CA_Loss || tp.undo_marker !== 0)
		tcp_check_sack_reordering(sk, state.reord, 0);

	tcp_verify_left_out(tp);
	return state.flag;
}

/**
 * Bounds the segments taken for SACKed by duplicate ACKs; tells whether it had to.
 * @kernel net/ipv4/tcp_input.c:1965 (v5.10)
 */
function tcp_limit_reno_sacked(tp: tcp_sock): boolean {
	let holes = Math.max(tp.lost_out, 1);
	holes = Math.min(holes, tp.packets_out);

	if (tp.sacked_out + holes > tp.packets_out) {
		tp.sacked_out = tp.packets_out - holes;
		return true;
	}
	return false;
}

/**
 * More duplicate ACKs than segments: they were overtaken.
 * @kernel net/ipv4/tcp_input.c:1983 (v5.10)
 */
function tcp_check_reno_reordering(sk: sock, addend: number): void {
	const tp = tcp_sk(sk);

	if (!tcp_limit_reno_sacked(tp)) return;

	tp.reordering = Math.min(
		tp.packets_out + addend,
		sk.sk_net.ipv4.sysctl_tcp_max_reordering,
	);
	tp.reord_seen++;
	NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPRENOREORDER);
}

/**
 * Counts duplicate ACKs where there is no SACK.
 * @kernel net/ipv4/tcp_input.c:1998 (v5.10)
 */
function tcp_add_reno_sack(sk: sock, num_dupack: number, ece_ack: boolean): void {
	if (num_dupack !== 0) {
		const tp = tcp_sk(sk);
		const prior_sacked = tp.sacked_out;

		tp.sacked_out += num_dupack;
		tcp_check_reno_reordering(sk, 0);
		const delivered = tp.sacked_out - prior_sacked;
		if (delivered > 0) tcp_count_delivered(tp, delivered, ece_ack);
		tcp_verify_left_out(tp);
	}
}

/**
 * Takes back what duplicate ACKs counted when segments are acknowledged.
 * @kernel net/ipv4/tcp_input.c:2016 (v5.10)
 */
function tcp_remove_reno_sacks(sk: sock, acked: number, ece_ack: boolean): void {
	const tp = tcp_sk(sk);

	if (acked > 0) {
		tcp_count_delivered(tp, Math.max(acked - tp.sacked_out, 1), ece_ack);
		if (acked - 1 >= tp.sacked_out) tp.sacked_out = 0;
		else tp.sacked_out -= acked - 1;
	}
	tcp_check_reno_reordering(sk, acked);
	tcp_verify_left_out(tp);
}

/**
 * Forgets what duplicate ACKs counted.
 * @kernel net/ipv4/tcp_input.c:2033 (v5.10)
 */
function tcp_reset_reno_sack(tp: tcp_sock): void {
	tp.sacked_out = 0;
}

/**
 * Remembers from where on a reduction may be undone.
 * @kernel net/ipv4/tcp_input.c:2047 (v5.10)
 */
function tcp_init_undo(tp: tcp_sock): void {
	tp.undo_marker = tp.snd_una;
	tp.undo_retrans = tp.retrans_out || -1;
}

/**
 * Tells whether losses are found by time.
 * @kernel net/ipv4/tcp_input.c:2054 (v5.10)
 */
function tcp_is_rack(sk: sock): boolean {
	return (sk.sk_net.ipv4.sysctl_tcp_recovery & TCP_RACK_LOSS_DETECTION) !== 0;
}

/**
 * Marks what is on its way as lost after a timeout; SACKs that the peer took back are forgotten.
 * @kernel net/ipv4/tcp_input.c:2063 (v5.10)
 */
function tcp_timeout_mark_lost(sk: sock): void {
	const tp = tcp_sk(sk);
	const head = tcp_rtx_queue_head(sk);
	const is_reneg = head !== null && (TCP_SKB_CB(head).sacked & TCPCB_SACKED_ACKED) !== 0;

	if (is_reneg) {
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPSACKRENEGING);
		tp.sacked_out = 0;
		tp.is_sack_reneg = true;
	} else if (tcp_is_reno(tp)) {
		tcp_reset_reno_sack(tp);
	}

	for (let skb = head; skb !== null; skb = skb.next) {
		if (is_reneg) TCP_SKB_CB(skb).sacked &= ~TCPCB_SACKED_ACKED;
		else if (tcp_is_rack(sk) && skb !== head && tcp_rack_skb_timeout(tp, skb, 0) > 0) continue;
		tcp_mark_skb_lost(sk, skb);
	}
	tcp_verify_left_out(tp);
	tcp_clear_all_retrans_hints(tp);
}

/**
 * The retransmission timer went off: all is taken for lost.
 * @kernel net/ipv4/tcp_input.c:2094 (v5.10)
 */
export function tcp_enter_loss(sk: sock): void {
	const tp = tcp_sk(sk);
	const ipv4 = sk.sk_net.ipv4;
	const new_recovery = tp.icsk_ca_state < TCP_CA_Recovery;

	tcp_timeout_mark_lost(sk);

	if (
		tp.icsk_ca_state <= TCP_CA_Disorder ||
		!after(tp.high_seq, tp.snd_una) ||
		(tp.icsk_ca_state === TCP_CA_Loss && tp.icsk_retransmits === 0)
	) {
		tp.prior_ssthresh = tcp_current_ssthresh(sk);
		tp.prior_cwnd = tp.snd_cwnd;
		tp.snd_ssthresh = tp.icsk_ca_ops!.ssthresh(sk);
		tcp_ca_event(sk, CA_EVENT_LOSS);
		tcp_init_undo(tp);
	}
	tp.snd_cwnd = tcp_packets_in_flight(tp) + 1;
	tp.snd_cwnd_cnt = 0;
	tp.snd_cwnd_stamp = tcp_jiffies32(sk);

	if (
		tp.icsk_ca_state <= TCP_CA_Disorder &&
		tp.sacked_out >= ipv4.sysctl_tcp_reordering
	)
		tp.reordering = Math.min(tp.reordering, ipv4.sysctl_tcp_reordering);
	tcp_set_ca_state(sk, TCP_CA_Loss);
	tp.high_seq = tp.snd_nxt;
	tcp_ecn_queue_cwr(tp);

	/* F-RTO: was the timeout false? Not for a repeated one, nor while the path MTU is probed. */
	tp.frto =
		ipv4.sysctl_tcp_frto !== 0 &&
		(new_recovery || tp.icsk_retransmits !== 0) &&
		tp.icsk_mtup.probe_size === 0;
}

/**
 * Gives the peer some time when it seems to take SACKs back; tells whether it does.
 * @kernel net/ipv4/tcp_input.c:2147 (v5.10)
 */
function tcp_check_sack_reneging(sk: sock, flag: number): boolean {
	if ((flag & FLAG_SACK_RENEGING) !== 0) {
		const delay = Math.max(
			usecs_to_jiffies(tcp_sk(sk).srtt_us >>> 4),
			msecs_to_jiffies(10),
		);

		inet_csk_reset_xmit_timer(sk, ICSK_TIME_RETRANS, delay, TCP_RTO_MAX);
		return true;
	}
	return false;
}

/**
 * Duplicate ACKs, as SACK shows them.
 * @kernel net/ipv4/tcp_input.c:2172 (v5.10)
 */
function tcp_dupack_heuristics(tp: tcp_sock): number {
	return tp.sacked_out + 1;
}

/**
 * Tells whether fast recovery begins.
 * @kernel net/ipv4/tcp_input.c:2274 (v5.10)
 */
function tcp_time_to_recover(sk: sock, _flag: number): boolean {
	const tp = tcp_sk(sk);

	if (tp.lost_out !== 0) return true;

	if (!tcp_is_rack(sk) && tcp_dupack_heuristics(tp) > tp.reordering) return true;

	return false;
}

/**
 * Marks packets at the head of the queue as lost.
 * @param packets SACKed segments that stop it
 * @param mark_head only the first
 * @kernel net/ipv4/tcp_input.c:2294 (v5.10)
 */
function tcp_mark_head_lost(sk: sock, packets: number, mark_head: boolean): void {
	const tp = tcp_sk(sk);
	const loss_high = tp.snd_nxt;
	let cnt: number;

	WARN_ON(
		sk.machine,
		packets > tp.packets_out,
		'tcp_mark_head_lost',
		'more segments lost than were sent',
	);
	let skb = tp.lost_skb_hint;
	if (skb !== null) {
		if (mark_head && after(TCP_SKB_CB(skb).seq, tp.snd_una)) return;
		cnt = tp.lost_cnt_hint;
	} else {
		skb = tcp_rtx_queue_head(sk);
		cnt = 0;
	}

	for (; skb !== null; skb = skb.next) {
		const cb = TCP_SKB_CB(skb);

		tp.lost_skb_hint = skb;
		tp.lost_cnt_hint = cnt;

		if (after(cb.end_seq, loss_high)) break;

		if ((cb.sacked & TCPCB_SACKED_ACKED) !== 0) cnt += tcp_skb_pcount(skb);

		if (cnt > packets) break;

		if ((cb.sacked & TCPCB_LOST) === 0) tcp_mark_skb_lost(sk, skb);

		if (mark_head) break;
	}
	tcp_verify_left_out(tp);
}

/**
 * Marks what is lost by the count of SACKed segments.
 * @kernel net/ipv4/tcp_input.c:2340 (v5.10)
 */
function tcp_update_scoreboard(sk: sock, fast_rexmit: boolean): void {
	const tp = tcp_sk(sk);

	if (tcp_is_sack(tp)) {
		const sacked_upto = tp.sacked_out - tp.reordering;
		if (sacked_upto >= 0) tcp_mark_head_lost(sk, sacked_upto, false);
		else if (fast_rexmit) tcp_mark_head_lost(sk, 1, true);
	}
}

/**
 * Tells whether the echoed timestamp is older than a time; when in ms.
 * @kernel net/ipv4/tcp_input.c:2353 (v5.10)
 */
function tcp_tsopt_ecr_before(tp: tcp_sock, when: number): boolean {
	return (
		tp.rx_opt.saw_tstamp && tp.rx_opt.rcv_tsecr !== 0 && before(tp.rx_opt.rcv_tsecr, when)
	);
}

/**
 * Tells whether an ACK is for the original of a packet that was sent again.
 * @kernel net/ipv4/tcp_input.c:2362 (v5.10)
 */
function tcp_skb_spurious_retrans(tp: tcp_sock, skb: sk_buff): boolean {
	return (
		(TCP_SKB_CB(skb).sacked & TCPCB_RETRANS) !== 0 &&
		tcp_tsopt_ecr_before(tp, tcp_skb_timestamp(skb))
	);
}

/**
 * Tells whether an ACK is for something sent before the first retransmission.
 * @kernel net/ipv4/tcp_input.c:2372 (v5.10)
 */
function tcp_packet_delayed(tp: tcp_sock): boolean {
	return tp.retrans_stamp !== 0 && tcp_tsopt_ecr_before(tp, tp.retrans_stamp);
}

/**
 * Tells whether something on its way was sent more than once.
 * @kernel net/ipv4/tcp_input.c:2394 (v5.10)
 */
function tcp_any_retrans_done(sk: sock): boolean {
	const tp = tcp_sk(sk);

	if (tp.retrans_out !== 0) return true;

	const skb = tcp_rtx_queue_head(sk);
	return skb !== null && (TCP_SKB_CB(skb).sacked & TCPCB_EVER_RETRANS) !== 0;
}

/**
 * Takes a reduction of the window back.
 * @kernel net/ipv4/tcp_input.c:2436 (v5.10)
 */
function tcp_undo_cwnd_reduction(sk: sock, unmark_loss: boolean): void {
	const tp = tcp_sk(sk);

	if (unmark_loss) {
		for (let skb = tp.tcp_rtx_queue.first; skb !== null; skb = skb.next)
			TCP_SKB_CB(skb).sacked &= ~TCPCB_LOST;
		tp.lost_out = 0;
		tcp_clear_all_retrans_hints(tp);
	}

	if (tp.prior_ssthresh !== 0) {
		tp.snd_cwnd = tp.icsk_ca_ops!.undo_cwnd(sk);

		if (tp.prior_ssthresh > tp.snd_ssthresh) {
			tp.snd_ssthresh = tp.prior_ssthresh;
			tcp_ecn_withdraw_cwr(tp);
		}
	}
	tp.snd_cwnd_stamp = tcp_jiffies32(sk);
	tp.undo_marker = 0;
	tp.rack.advanced = true;
}

/**
 * Tells whether nothing was lost after all.
 * @kernel net/ipv4/tcp_input.c:2465 (v5.10)
 */
function tcp_may_undo(tp: tcp_sock): boolean {
	return tp.undo_marker !== 0 && (tp.undo_retrans === 0 || tcp_packet_delayed(tp));
}

/**
 * Ends a recovery; true when the state is held until something newer is acknowledged.
 * @kernel net/ipv4/tcp_input.c:2471 (v5.10)
 */
function tcp_try_undo_recovery(sk: sock): boolean {
	const tp = tcp_sk(sk);

	if (tcp_may_undo(tp)) {
		tcp_undo_cwnd_reduction(sk, false);
		const mib_idx =
			tp.icsk_ca_state === TCP_CA_Loss ? LINUX_MIB_TCPLOSSUNDO : LINUX_MIB_TCPFULLUNDO;

		NET_INC_STATS(sk.sk_net, mib_idx);
	} else if (tp.rack.reo_wnd_persist !== 0) {
		tp.rack.reo_wnd_persist--;
	}
	if (tp.snd_una === tp.high_seq && tcp_is_reno(tp)) {
		/* Without SACK old duplicate ACKs would start another recovery. */
		if (!tcp_any_retrans_done(sk)) tp.retrans_stamp = 0;
		return true;
	}
	tcp_set_ca_state(sk, TCP_CA_Open);
	tp.is_sack_reneg = false;
	return false;
}

/**
 * Takes a reduction back when D-SACKs answer for all retransmissions.
 * @kernel net/ipv4/tcp_input.c:2506 (v5.10)
 */
function tcp_try_undo_dsack(sk: sock): boolean {
	const tp = tcp_sk(sk);

	if (tp.undo_marker !== 0 && tp.undo_retrans === 0) {
		tp.rack.reo_wnd_persist = Math.min(
			TCP_RACK_RECOVERY_THRESH,
			tp.rack.reo_wnd_persist + 1,
		);
		tcp_undo_cwnd_reduction(sk, false);
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPDSACKUNDO);
		return true;
	}
	return false;
}

/**
 * Takes a reduction back after a timeout that was false.
 * @kernel net/ipv4/tcp_input.c:2522 (v5.10)
 */
function tcp_try_undo_loss(sk: sock, frto_undo: boolean): boolean {
	const tp = tcp_sk(sk);

	if (frto_undo || tcp_may_undo(tp)) {
		tcp_undo_cwnd_reduction(sk, true);

		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPLOSSUNDO);
		if (frto_undo) NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPSPURIOUSRTOS);
		tp.icsk_retransmits = 0;
		if (frto_undo || tcp_is_sack(tp)) {
			tcp_set_ca_state(sk, TCP_CA_Open);
			tp.is_sack_reneg = false;
		}
		return true;
	}
	return false;
}

/**
 * Sets the window during a reduction in proportion to what arrives (RFC 6937).
 * @kernel net/ipv4/tcp_input.c:2567 (v5.10)
 */
export function tcp_cwnd_reduction(sk: sock, newly_acked_sacked: number, flag: number): void {
	const tp = tcp_sk(sk);
	const delta = tp.snd_ssthresh - tcp_packets_in_flight(tp);
	let sndcnt: number;

	if (
		newly_acked_sacked <= 0 ||
		WARN_ON(sk.machine, tp.prior_cwnd === 0, 'tcp_cwnd_reduction', 'no window before')
	)
		return;

	tp.prr_delivered += newly_acked_sacked;
	if (delta < 0) {
		const dividend = tp.snd_ssthresh * tp.prr_delivered + tp.prior_cwnd - 1;
		sndcnt = Math.floor(dividend / tp.prior_cwnd) - tp.prr_out;
	} else if (
		(flag & (FLAG_RETRANS_DATA_ACKED | FLAG_LOST_RETRANS)) ===
		FLAG_RETRANS_DATA_ACKED
	) {
		sndcnt = Math.min(
			delta,
			Math.max(tp.prr_delivered - tp.prr_out, newly_acked_sacked) + 1,
		);
	} else {
		sndcnt = Math.min(delta, newly_acked_sacked);
	}
	sndcnt = Math.max(sndcnt, tp.prr_out !== 0 ? 0 : 1);
	tp.snd_cwnd = tcp_packets_in_flight(tp) + sndcnt;
}

/**
 * Ends a reduction of the window.
 * @kernel net/ipv4/tcp_input.c:2594 (v5.10)
 */
function tcp_end_cwnd_reduction(sk: sock): void {
	const tp = tcp_sk(sk);

	if (tp.icsk_ca_ops!.cong_control !== undefined) return;

	if (
		tp.snd_ssthresh < TCP_INFINITE_SSTHRESH &&
		(tp.icsk_ca_state === TCP_CA_CWR || tp.undo_marker !== 0)
	) {
		tp.snd_cwnd = tp.snd_ssthresh;
		tp.snd_cwnd_stamp = tcp_jiffies32(sk);
	}
	tcp_ca_event(sk, CA_EVENT_COMPLETE_CWR);
}

/**
 * Sets the state to Open, or Disorder while something is amiss.
 * @kernel net/ipv4/tcp_input.c:2624 (v5.10)
 */
function tcp_try_keep_open(sk: sock): void {
	const tp = tcp_sk(sk);
	let state = TCP_CA_Open;

	if (tcp_left_out(tp) !== 0 || tcp_any_retrans_done(sk)) state = TCP_CA_Disorder;

	if (tp.icsk_ca_state !== state) {
		tcp_set_ca_state(sk, state);
		tp.high_seq = tp.snd_nxt;
	}
}

/**
 * No loss: back to normal, but for congestion that was reported.
 * @kernel net/ipv4/tcp_input.c:2638 (v5.10)
 */
function tcp_try_to_open(sk: sock, flag: number): void {
	const tp = tcp_sk(sk);

	tcp_verify_left_out(tp);

	if (!tcp_any_retrans_done(sk)) tp.retrans_stamp = 0;

	if ((flag & FLAG_ECE) !== 0) tcp_enter_cwr(sk);

	if (tp.icsk_ca_state !== TCP_CA_CWR) tcp_try_keep_open(sk);
}

/**
 * A probe of the path MTU was lost.
 * @kernel net/ipv4/tcp_input.c:2655 (v5.10)
 */
function tcp_mtup_probe_failed(sk: sock): void {
	const mtup = inet_csk(sk).icsk_mtup;

	mtup.search_high = mtup.probe_size - 1;
	mtup.probe_size = 0;
	NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPMTUPFAIL);
}

/**
 * A probe of the path MTU arrived.
 * @kernel net/ipv4/tcp_input.c:2664 (v5.10)
 */
function tcp_mtup_probe_success(sk: sock): void {
	const tp = tcp_sk(sk);
	const mtup = tp.icsk_mtup;

	tp.prior_ssthresh = tcp_current_ssthresh(sk);
	tp.snd_cwnd = Math.floor(
		(tp.snd_cwnd * tcp_mss_to_mtu(sk, tp.mss_cache)) / mtup.probe_size,
	);
	tp.snd_cwnd_cnt = 0;
	tp.snd_cwnd_stamp = tcp_jiffies32(sk);
	tp.snd_ssthresh = tcp_current_ssthresh(sk);

	mtup.search_low = mtup.probe_size;
	mtup.probe_size = 0;
	tcp_sync_mss(sk, tp.icsk_pmtu_cookie);
	NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPMTUPSUCCESS);
}

/**
 * Sends again, without back-off, what is too large for the path MTU.
 * @kernel net/ipv4/tcp_input.c:2688 (v5.10)
 */
export function tcp_simple_retransmit(sk: sock): void {
	const tp = tcp_sk(sk);
	const mss = tcp_current_mss(sk);

	for (let skb = tp.tcp_rtx_queue.first; skb !== null; skb = skb.next)
		if (tcp_skb_seglen(skb) > mss) tcp_mark_skb_lost(sk, skb);

	tcp_clear_retrans_hints_partial(tp);

	if (tp.lost_out === 0) return;

	if (tcp_is_reno(tp)) tcp_limit_reno_sacked(tp);

	tcp_verify_left_out(tp);

	/* The window stays: there is not more data on its way, only its units changed. */
	if (tp.icsk_ca_state !== TCP_CA_Loss) {
		tp.high_seq = tp.snd_nxt;
		tp.snd_ssthresh = tcp_current_ssthresh(sk);
		tp.prior_ssthresh = 0;
		tp.undo_marker = 0;
		tcp_set_ca_state(sk, TCP_CA_Loss);
	}
	tcp_xmit_retransmit_queue(sk);
}

/**
 * Begins fast recovery.
 * @kernel net/ipv4/tcp_input.c:2726 (v5.10)
 */
export function tcp_enter_recovery(sk: sock, ece_ack: boolean): void {
	const tp = tcp_sk(sk);
	const mib_idx = tcp_is_reno(tp) ? LINUX_MIB_TCPRENORECOVERY : LINUX_MIB_TCPSACKRECOVERY;

	NET_INC_STATS(sk.sk_net, mib_idx);

	tp.prior_ssthresh = 0;
	tcp_init_undo(tp);

	if (!tcp_in_cwnd_reduction(sk)) {
		if (!ece_ack) tp.prior_ssthresh = tcp_current_ssthresh(sk);
		tcp_init_cwnd_reduction(sk);
	}
	tcp_set_ca_state(sk, TCP_CA_Recovery);
}

/**
 * Works on an ACK in state Loss; state.rexmit says what is sent afterwards.
 * @kernel net/ipv4/tcp_input.c:2752 (v5.10)
 */
function tcp_process_loss(
	sk: sock,
	flag: number,
	num_dupack: number,
	state: tcp_sacktag_state,
): void {
	const tp = tcp_sk(sk);
	const recovered = !before(tp.snd_una, tp.high_seq);

	if ((flag & FLAG_SND_UNA_ADVANCED) !== 0 && tcp_try_undo_loss(sk, false)) return;

	if (tp.frto) {
		/* Something that was never sent again has arrived: the timeout was false. */
		if ((flag & FLAG_ORIG_SACK_ACKED) !== 0 && tcp_try_undo_loss(sk, true)) return;

		if (after(tp.snd_nxt, tp.high_seq)) {
			if ((flag & FLAG_DATA_SACKED) !== 0 || num_dupack !== 0) tp.frto = false;
		} else if ((flag & FLAG_SND_UNA_ADVANCED) !== 0 && !recovered) {
			tp.high_seq = tp.snd_nxt;
			/* Rather new data than old, when there is some and a window for it. */
			if (!tcp_write_queue_empty(sk) && after(tcp_wnd_end(tp), tp.snd_nxt)) {
				state.rexmit = REXMIT_NEW;
				return;
			}
			tp.frto = false;
		}
	}

	if (recovered) {
		tcp_try_undo_recovery(sk);
		return;
	}
	if (tcp_is_reno(tp)) {
		if (after(tp.snd_nxt, tp.high_seq) && num_dupack !== 0)
			tcp_add_reno_sack(sk, num_dupack, (flag & FLAG_ECE) !== 0);
		else if ((flag & FLAG_SND_UNA_ADVANCED) !== 0) tcp_reset_reno_sack(tp);
	}
	state.rexmit = REXMIT_LOST;
}

/**
 * Takes a reduction back when a hole was filled by a late packet rather than a retransmission.
 * @kernel net/ipv4/tcp_input.c:2806 (v5.10)
 */
function tcp_try_undo_partial(sk: sock, prior_snd_una: number): boolean {
	const tp = tcp_sk(sk);

	if (tp.undo_marker !== 0 && tcp_packet_delayed(tp)) {
		tcp_check_sack_reordering(sk, prior_snd_una, 1);

		if (tp.retrans_out !== 0) return true;

		if (!tcp_any_retrans_done(sk)) tp.retrans_stamp = 0;

		tcp_undo_cwnd_reduction(sk, true);
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPPARTIALUNDO);
		tcp_try_keep_open(sk);
		return true;
	}
	return false;
}

/**
 * Finds out what was lost.
 * @kernel net/ipv4/tcp_input.c:2836 (v5.10)
 */
function tcp_identify_packet_loss(sk: sock, state: tcp_sacktag_state): void {
	const tp = tcp_sk(sk);

	if (tcp_rtx_queue_empty(sk)) return;

	if (tcp_is_reno(tp)) {
		tcp_newreno_mark_lost(sk, (state.ack_flag & FLAG_SND_UNA_ADVANCED) !== 0);
	} else if (tcp_is_rack(sk)) {
		const prior_retrans = tp.retrans_out;

		if (tcp_rack_mark_lost(sk)) state.ack_flag &= ~FLAG_SET_XMIT_TIMER;
		if (prior_retrans > tp.retrans_out) state.ack_flag |= FLAG_LOST_RETRANS;
	}
}

/**
 * Tells whether SACKs reach so far that the first segment must be lost.
 * @kernel net/ipv4/tcp_input.c:2855 (v5.10)
 */
function tcp_force_fast_retransmit(sk: sock): boolean {
	const tp = tcp_sk(sk);

	return after(
		tcp_highest_sack_seq(tp),
		(tp.snd_una + tp.reordering * tp.mss_cache) >>> 0,
	);
}

/**
 * The state machine of loss recovery, entered by ACKs that are out of the ordinary. It reads and changes
 * state.ack_flag and sets state.rexmit.
 * @kernel net/ipv4/tcp_input.c:2875 (v5.10)
 */
function tcp_fastretrans_alert(
	sk: sock,
	prior_snd_una: number,
	num_dupack: number,
	state: tcp_sacktag_state,
): void {
	const tp = tcp_sk(sk);
	const flag = state.ack_flag;
	const ece_ack = (flag & FLAG_ECE) !== 0;
	let fast_rexmit = false;
	let do_lost =
		num_dupack !== 0 ||
		((flag & FLAG_DATA_SACKED) !== 0 && tcp_force_fast_retransmit(sk));

	if (tp.packets_out === 0 && tp.sacked_out !== 0) tp.sacked_out = 0;

	if (ece_ack) tp.prior_ssthresh = 0;

	if (tcp_check_sack_reneging(sk, flag)) return;

	tcp_verify_left_out(tp);

	if (tp.icsk_ca_state === TCP_CA_Open) {
		WARN_ON(
			sk.machine,
			tp.retrans_out !== 0,
			'tcp_fastretrans_alert',
			'retransmissions on their way in state Open',
		);
		tp.retrans_stamp = 0;
	} else if (!before(tp.snd_una, tp.high_seq)) {
		switch (tp.icsk_ca_state) {
			case TCP_CA_CWR:
				if (tp.snd_una !== tp.high_seq) {
					tcp_end_cwnd_reduction(sk);
					tcp_set_ca_state(sk, TCP_CA_Open);
				}
				break;

			case TCP_CA_Recovery:
				if (tcp_is_reno(tp)) tcp_reset_reno_sack(tp);
				if (tcp_try_undo_recovery(sk)) return;
				tcp_end_cwnd_reduction(sk);
				break;
		}
	}

	if (tp.icsk_ca_state === TCP_CA_Recovery) {
		if ((flag & FLAG_SND_UNA_ADVANCED) === 0) {
			if (tcp_is_reno(tp)) tcp_add_reno_sack(sk, num_dupack, ece_ack);
		} else {
			if (tcp_try_undo_partial(sk, prior_snd_una)) return;
			do_lost = tcp_force_fast_retransmit(sk);
		}
		if (tcp_try_undo_dsack(sk)) {
			tcp_try_keep_open(sk);
			return;
		}
		tcp_identify_packet_loss(sk, state);
	} else {
		if (tp.icsk_ca_state === TCP_CA_Loss) {
			tcp_process_loss(sk, flag, num_dupack, state);
			tcp_identify_packet_loss(sk, state);
			if (
				inet_csk(sk).icsk_ca_state !== TCP_CA_Open &&
				(state.ack_flag & FLAG_LOST_RETRANS) === 0
			)
				return;
		}
		if (tcp_is_reno(tp)) {
			if ((flag & FLAG_SND_UNA_ADVANCED) !== 0) tcp_reset_reno_sack(tp);
			tcp_add_reno_sack(sk, num_dupack, ece_ack);
		}

		if (tp.icsk_ca_state <= TCP_CA_Disorder) tcp_try_undo_dsack(sk);

		tcp_identify_packet_loss(sk, state);
		if (!tcp_time_to_recover(sk, flag)) {
			tcp_try_to_open(sk, flag);
			return;
		}

		if (
			tp.icsk_ca_state < TCP_CA_CWR &&
			tp.icsk_mtup.probe_size !== 0 &&
			tp.snd_una === tp.mtu_probe_seq_start
		) {
			tcp_mtup_probe_failed(sk);
			/* Gives the segment back that sending the probe took off. */
			tp.snd_cwnd++;
			tcp_simple_retransmit(sk);
			return;
		}

		tcp_enter_recovery(sk, ece_ack);
		fast_rexmit = true;
	}

	if (!tcp_is_rack(sk) && do_lost) tcp_update_scoreboard(sk, fast_rexmit);
	state.rexmit = REXMIT_LOST;
}

/**
 * Keeps the least round trip time of the last minutes.
 * @kernel net/ipv4/tcp_input.c:2989 (v5.10)
 */
function tcp_update_rtt_min(sk: sock, rtt_us: number, flag: number): void {
	const tp = tcp_sk(sk);
	const wlen = sk.sk_net.ipv4.sysctl_tcp_min_rtt_wlen * HZ;

	if ((flag & FLAG_ACK_MAYBE_DELAYED) !== 0 && rtt_us > tcp_min_rtt(tp)) return;
	minmax_running_min(tp.rtt_min, wlen, tcp_jiffies32(sk), rtt_us || jiffies_to_usecs(1));
}

/**
 * Takes the round trip times that an ACK shows; all in us, negative for none.
 * @returns whether there was a sample
 * @kernel net/ipv4/tcp_input.c:3005 (v5.10)
 */
function tcp_ack_update_rtt(
	sk: sock,
	flag: number,
	seq_rtt_us: number,
	sack_rtt_us: number,
	ca_rtt_us: number,
	rs: rate_sample,
): boolean {
	const tp = tcp_sk(sk);

	if (seq_rtt_us < 0) seq_rtt_us = sack_rtt_us;

	/* The echoed timestamp only when there is nothing better, and new data is acknowledged. */
	if (
		seq_rtt_us < 0 &&
		tp.rx_opt.saw_tstamp &&
		tp.rx_opt.rcv_tsecr !== 0 &&
		(flag & FLAG_ACKED) !== 0
	) {
		const delta = (tcp_time_stamp(tp) - tp.rx_opt.rcv_tsecr) >>> 0;

		if (delta < INT_MAX / (USEC_PER_SEC / TCP_TS_HZ)) {
			seq_rtt_us = (delta || 1) * (USEC_PER_SEC / TCP_TS_HZ);
			ca_rtt_us = seq_rtt_us;
		}
	}
	rs.rtt_us = ca_rtt_us;
	if (seq_rtt_us < 0) return false;

	tcp_update_rtt_min(sk, ca_rtt_us, flag);
	tcp_rtt_estimator(sk, seq_rtt_us);
	tcp_set_rto(sk);

	inet_csk(sk).icsk_backoff = 0;
	return true;
}

/**
 * Takes the time from SYN-ACK to ACK as a sample; req is null for a crossed open.
 * @kernel net/ipv4/tcp_input.c:3054 (v5.10)
 */
export function tcp_synack_rtt_meas(sk: sock, req: request_sock | null): void {
	let rtt_us = -1;

	if (req !== null && req.num_retrans === 0 && tcp_rsk(req).snt_synack !== 0)
		rtt_us = tcp_stamp_us_delta(tcp_clock_us(sk.machine), tcp_rsk(req).snt_synack);

	tcp_ack_update_rtt(sk, FLAG_SYN_ACKED, rtt_us, -1, rtt_us, tcp_sk(sk).sack_state.rate);
}

/**
 * Lets the congestion window grow.
 * @kernel net/ipv4/tcp_input.c:3066 (v5.10)
 */
function tcp_cong_avoid(sk: sock, ack: number, acked: number): void {
	inet_csk(sk).icsk_ca_ops!.cong_avoid!(sk, ack, acked);
	tcp_sk(sk).snd_cwnd_stamp = tcp_jiffies32(sk);
}

/**
 * Arms the tail loss probe, or else the retransmission timer.
 * @kernel net/ipv4/tcp_input.c:3107 (v5.10)
 */
function tcp_set_xmit_timer(sk: sock): void {
	if (!tcp_schedule_loss_probe(sk, true)) tcp_rearm_rto(sk);
}

/**
 * Drops the acknowledged front of a packet; returns the segments that were acknowledged.
 * @kernel net/ipv4/tcp_input.c:3114 (v5.10)
 */
function tcp_tso_acked(sk: sock, skb: sk_buff): number {
	const tp = tcp_sk(sk);
	let packets_acked = tcp_skb_pcount(skb);

	if (tcp_trim_head(sk, skb, (tp.snd_una - TCP_SKB_CB(skb).seq) >>> 0) !== 0) return 0;
	packets_acked -= tcp_skb_pcount(skb);

	return packets_acked;
}

const clean_sample = machine_var(() => new ack_sample());

/**
 * Frees what is acknowledged.
 * @param prior_fack highest SACKed number before this ACK
 * @param prior_snd_una snd_una before this ACK
 * @returns FLAG_* bits
 * @kernel net/ipv4/tcp_input.c:3156 (v5.10)
 */
function tcp_clean_rtx_queue(
	sk: sock,
	prior_fack: number,
	_prior_snd_una: number,
	sack: tcp_sacktag_state,
	ece_ack: boolean,
): number {
	const tp = tcp_sk(sk);
	const prior_sacked = tp.sacked_out;
	let first_ackt = 0;
	let last_ackt = 0;
	let reord = tp.snd_nxt;
	let skb: sk_buff | null;
	let next: sk_buff | null;
	let fully_acked = true;
	let sack_rtt_us = -1;
	let seq_rtt_us = -1;
	let ca_rtt_us = -1;
	let pkts_acked = 0;
	let last_in_flight = 0;
	let flag = 0;

	for (skb = tp.tcp_rtx_queue.first; skb !== null; skb = next) {
		const scb = TCP_SKB_CB(skb);
		const start_seq = scb.seq;
		const sacked = scb.sacked;
		let acked_pcount: number;

		if (after(scb.end_seq, tp.snd_una)) {
			if (tcp_skb_pcount(skb) === 1 || !after(tp.snd_una, scb.seq)) break;

			acked_pcount = tcp_tso_acked(sk, skb);
			if (acked_pcount === 0) break;
			fully_acked = false;
		} else {
			acked_pcount = tcp_skb_pcount(skb);
		}

		if ((sacked & TCPCB_RETRANS) !== 0) {
			if ((sacked & TCPCB_SACKED_RETRANS) !== 0) tp.retrans_out -= acked_pcount;
			flag |= FLAG_RETRANS_DATA_ACKED;
		} else if ((sacked & TCPCB_SACKED_ACKED) === 0) {
			last_ackt = tcp_skb_timestamp_us(skb);
			if (first_ackt === 0) first_ackt = last_ackt;

			last_in_flight = scb.in_flight;
			if (before(start_seq, reord)) reord = start_seq;
			if (!after(scb.end_seq, tp.high_seq)) flag |= FLAG_ORIG_SACK_ACKED;
		}

		if ((sacked & TCPCB_SACKED_ACKED) !== 0) {
			tp.sacked_out -= acked_pcount;
		} else if (tcp_is_sack(tp)) {
			tcp_count_delivered(tp, acked_pcount, ece_ack);
			if (!tcp_skb_spurious_retrans(tp, skb))
				tcp_rack_advance(tp, sacked, scb.end_seq, tcp_skb_timestamp_us(skb));
		}
		if ((sacked & TCPCB_LOST) !== 0) tp.lost_out -= acked_pcount;

		tp.packets_out -= acked_pcount;
		pkts_acked += acked_pcount;
		tcp_rate_skb_delivered(sk, skb, sack.rate);

		/* A SYN is no data: slow start does not count it. */
		if ((scb.tcp_flags & TCPHDR_SYN) === 0) {
			flag |= FLAG_DATA_ACKED;
		} else {
			flag |= FLAG_SYN_ACKED;
			tp.retrans_stamp = 0;
		}

		if (!fully_acked) break;

		next = skb.next;
		if (skb === tp.retransmit_skb_hint) tp.retransmit_skb_hint = null;
		if (skb === tp.lost_skb_hint) tp.lost_skb_hint = null;
		tcp_highest_sack_replace(sk, skb, next);
		tcp_rtx_queue_unlink_and_free(skb, sk);
	}

	if (skb === null) tcp_chrono_stop(sk, TCP_CHRONO_BUSY);
	else if ((TCP_SKB_CB(skb).sacked & TCPCB_SACKED_ACKED) !== 0) flag |= FLAG_SACK_RENEGING;

	if (first_ackt !== 0 && (flag & FLAG_RETRANS_DATA_ACKED) === 0) {
		seq_rtt_us = tcp_stamp_us_delta(tp.tcp_mstamp, first_ackt);
		ca_rtt_us = tcp_stamp_us_delta(tp.tcp_mstamp, last_ackt);

		/* A lone small segment is probably acknowledged by a delayed ACK. */
		if (
			pkts_acked === 1 &&
			last_in_flight < tp.mss_cache &&
			last_in_flight !== 0 &&
			prior_sacked === 0 &&
			fully_acked &&
			sack.rate.prior_delivered + 1 === tp.delivered &&
			(flag & (FLAG_CA_ALERT | FLAG_SYN_ACKED)) === 0
		)
			flag |= FLAG_ACK_MAYBE_DELAYED;
	}
	if (sack.first_sackt !== 0) {
		sack_rtt_us = tcp_stamp_us_delta(tp.tcp_mstamp, sack.first_sackt);
		ca_rtt_us = tcp_stamp_us_delta(tp.tcp_mstamp, sack.last_sackt);
	}
	const rtt_update = tcp_ack_update_rtt(
		sk,
		flag,
		seq_rtt_us,
		sack_rtt_us,
		ca_rtt_us,
		sack.rate,
	);

	if ((flag & FLAG_ACKED) !== 0) {
		flag |= FLAG_SET_XMIT_TIMER;
		if (tp.icsk_mtup.probe_size !== 0 && !after(tp.mtu_probe_seq_end, tp.snd_una))
			tcp_mtup_probe_success(sk);

		if (tcp_is_reno(tp)) {
			tcp_remove_reno_sacks(sk, pkts_acked, ece_ack);

			/* Without SACK nobody knows which copy arrived. */
			if ((flag & FLAG_RETRANS_DATA_ACKED) !== 0) flag &= ~FLAG_ORIG_SACK_ACKED;
		} else {
			if (before(reord, prior_fack)) tcp_check_sack_reordering(sk, reord, 0);

			const delta = prior_sacked - tp.sacked_out;
			tp.lost_cnt_hint -= Math.min(tp.lost_cnt_hint, delta);
		}
	} else if (
		skb !== null &&
		rtt_update &&
		sack_rtt_us >= 0 &&
		sack_rtt_us > tcp_stamp_us_delta(tp.tcp_mstamp, tcp_skb_timestamp_us(skb))
	) {
		/* Only by a sample from before the head's last transmission, lest the timer never go off. */
		flag |= FLAG_SET_XMIT_TIMER;
	}

	const ca_ops = tp.icsk_ca_ops!;
	if (ca_ops.pkts_acked !== undefined) {
		const sample = clean_sample.of(sk.machine);

		sample.pkts_acked = pkts_acked;
		sample.rtt_us = sack.rate.rtt_us;
		sample.in_flight = last_in_flight;
		ca_ops.pkts_acked(sk, sample);
	}

	return flag;
}

/**
 * Looks whether an ACK opened the window that was zero.
 * @kernel net/ipv4/tcp_input.c:3363 (v5.10)
 */
function tcp_ack_probe(sk: sock): void {
	const tp = tcp_sk(sk);
	const head = tcp_send_head(sk);

	if (head === null) return;
	if (!after(TCP_SKB_CB(head).end_seq, tcp_wnd_end(tp))) {
		tp.icsk_backoff = 0;
		tp.icsk_probes_tstamp = 0;
		inet_csk_clear_xmit_timer(sk, ICSK_TIME_PROBE0);
	} else {
		const when = tcp_clamp_probe0_to_user_timeout(sk, tcp_probe0_when(sk, TCP_RTO_MAX));

		tcp_reset_xmit_timer(sk, ICSK_TIME_PROBE0, when, TCP_RTO_MAX);
	}
}

/**
 * Tells whether an ACK needs a closer look.
 * @kernel net/ipv4/tcp_input.c:3387 (v5.10)
 */
function tcp_ack_is_dubious(sk: sock, flag: number): boolean {
	return (
		(flag & FLAG_NOT_DUP) === 0 ||
		(flag & FLAG_CA_ALERT) !== 0 ||
		inet_csk(sk).icsk_ca_state !== TCP_CA_Open
	);
}

/**
 * Tells whether the window may grow by this ACK.
 * @kernel net/ipv4/tcp_input.c:3394 (v5.10)
 */
function tcp_may_raise_cwnd(sk: sock, flag: number): boolean {
	/* Where packets overtake each other anyway, data that came out of order counts too. */
	if (tcp_sk(sk).reordering > sk.sk_net.ipv4.sysctl_tcp_reordering)
		return (flag & FLAG_FORWARD_PROGRESS) !== 0;

	return (flag & FLAG_DATA_ACKED) !== 0;
}

/**
 * Sets the congestion window after an ACK.
 * @kernel net/ipv4/tcp_input.c:3413 (v5.10)
 */
function tcp_cong_control(
	sk: sock,
	ack: number,
	acked_sacked: number,
	flag: number,
	rs: rate_sample,
): void {
	const ca_ops = inet_csk(sk).icsk_ca_ops!;

	if (ca_ops.cong_control !== undefined) {
		ca_ops.cong_control(sk, rs);
		return;
	}

	if (tcp_in_cwnd_reduction(sk)) tcp_cwnd_reduction(sk, acked_sacked, flag);
	else if (tcp_may_raise_cwnd(sk, flag)) tcp_cong_avoid(sk, ack, acked_sacked);
	tcp_update_pacing_rate(sk);
}

/**
 * Tells whether a segment is new enough to set the window; nwin in bytes.
 * @kernel net/ipv4/tcp_input.c:3436 (v5.10)
 */
function tcp_may_update_window(
	tp: tcp_sock,
	ack: number,
	ack_seq: number,
	nwin: number,
): boolean {
	return (
		after(ack, tp.snd_una) ||
		after(ack_seq, tp.snd_wl1) ||
		(ack_seq === tp.snd_wl1 && nwin > tp.snd_wnd)
	);
}

/**
 * Moves snd_una.
 * @kernel net/ipv4/tcp_input.c:3446 (v5.10)
 */
function tcp_snd_una_update(tp: tcp_sock, ack: number): void {
	tp.bytes_acked += (ack - tp.snd_una) >>> 0;
	tp.snd_una = ack;
}

/**
 * Moves rcv_nxt.
 * @kernel net/ipv4/tcp_input.c:3456 (v5.10)
 */
function tcp_rcv_nxt_update(tp: tcp_sock, seq: number): void {
	tp.bytes_received += (seq - tp.rcv_nxt) >>> 0;
	tp.rcv_nxt = seq;
}

/**
 * The window field of a packet's header.
 * @kernel PORT: ntohs(tcp_hdr(skb)->window)
 */
function tcp_hdr_window(skb: sk_buff): number {
	return get_unaligned_be16(skb.head, skb.transport_header + TCPHDR_window);
}

/**
 * Takes the peer's window; returns FLAG_* bits.
 * @kernel net/ipv4/tcp_input.c:3470 (v5.10)
 */
function tcp_ack_update_window(sk: sock, skb: sk_buff, ack: number, ack_seq: number): number {
	const tp = tcp_sk(sk);
	let flag = 0;
	let nwin = tcp_hdr_window(skb);

	if ((tcp_hdr_flags(skb) & TCPHDR_SYN) === 0) nwin <<= tp.rx_opt.snd_wscale;

	if (tcp_may_update_window(tp, ack, ack_seq, nwin)) {
		flag |= FLAG_WIN_UPDATE;
		tcp_update_wl(tp, ack_seq);

		if (tp.snd_wnd !== nwin) {
			tp.snd_wnd = nwin;

			tp.pred_flags = 0;
			tcp_fast_path_check(sk);

			if (!tcp_write_queue_empty(sk)) tcp_slow_start_after_idle_check(sk);

			if (nwin > tp.max_window) {
				tp.max_window = nwin;
				tcp_sync_mss(sk, tp.icsk_pmtu_cookie);
			}
		}
	}

	tcp_snd_una_update(tp, ack);

	return flag;
}

/** Who remembers when it last answered a segment out of the window. */
export interface oow_ack_time {
	/** Jiffies. */
	last_oow_ack_time: number;
}

/**
 * Tells whether an answer went out only just before, and notes this one if not.
 * @param mib_idx LINUX_MIB_* that counts the answers left out
 * @kernel net/ipv4/tcp_input.c:3508 (v5.10)
 */
function __tcp_oow_rate_limited(net: net, mib_idx: number, last: oow_ack_time): boolean {
	const now = net.machine.jiffies;

	if (last.last_oow_ack_time !== 0) {
		const elapsed = now - last.last_oow_ack_time;

		if (elapsed >= 0 && elapsed < net.ipv4.sysctl_tcp_invalid_ratelimit) {
			NET_INC_STATS(net, mib_idx);
			return true;
		}
	}

	last.last_oow_ack_time = now;

	return false;
}

/**
 * Tells whether a segment out of the window is to be left without answer, lest hosts answer each other for ever.
 * @param mib_idx LINUX_MIB_* that counts the answers left out
 * @kernel net/ipv4/tcp_input.c:3532 (v5.10)
 */
export function tcp_oow_rate_limited(
	net: net,
	skb: sk_buff,
	mib_idx: number,
	last: oow_ack_time,
): boolean {
	const cb = TCP_SKB_CB(skb);

	if (cb.seq !== cb.end_seq && (tcp_hdr_flags(skb) & TCPHDR_SYN) === 0) return false;

	return __tcp_oow_rate_limited(net, mib_idx, last);
}

/** How many challenge ACKs may still go out in this second. */
const challenge = machine_var(() => ({ timestamp: 0, count: 0 }));

/**
 * Answers a segment that may be forged with an ACK (RFC 5961), as far as the limits allow.
 * @kernel net/ipv4/tcp_input.c:3544 (v5.10)
 */
function tcp_send_challenge_ack(sk: sock, _skb: sk_buff): void {
	const m = sk.machine;
	const net = sk.sk_net;
	const { ipv4 } = net;
	const c = challenge.of(m);

	if (__tcp_oow_rate_limited(net, LINUX_MIB_TCPACKSKIPPEDCHALLENGE, tcp_sk(sk))) return;

	const now = Math.floor(m.jiffies / HZ);
	if (now !== c.timestamp) {
		const ack_limit = ipv4.sysctl_tcp_challenge_ack_limit;
		const half = (ack_limit + 1) >>> 1;

		c.timestamp = now;
		c.count = half + prandom_u32_max(m, ack_limit);
	}
	if (c.count > 0) {
		c.count--;
		NET_INC_STATS(net, LINUX_MIB_TCPCHALLENGEACK);
		tcp_send_ack(sk);
	}
}

/**
 * Remembers the peer's timestamp.
 * @kernel net/ipv4/tcp_input.c:3576 (v5.10)
 */
function tcp_store_ts_recent(tp: tcp_sock): void {
	tp.rx_opt.ts_recent = tp.rx_opt.rcv_tsval;
	tp.rx_opt.ts_recent_stamp = ktime_get_seconds(tp.machine);
}

/**
 * Remembers the peer's timestamp when the segment is not out of order.
 * @kernel net/ipv4/tcp_input.c:3582 (v5.10)
 */
function tcp_replace_ts_recent(tp: tcp_sock, seq: number): void {
	if (
		tp.rx_opt.saw_tstamp &&
		!after(seq, tp.rcv_wup) &&
		tcp_paws_check(tp.machine, tp.rx_opt, 0)
	)
		tcp_store_ts_recent(tp);
}

/**
 * Ends the wait for the answer to a tail loss probe.
 * @kernel net/ipv4/tcp_input.c:3600 (v5.10)
 */
function tcp_process_tlp_ack(sk: sock, ack: number, flag: number): void {
	const tp = tcp_sk(sk);

	if (before(ack, tp.tlp_high_seq)) return;

	if (!tp.tlp_retrans) {
		tp.tlp_high_seq = 0;
	} else if ((flag & FLAG_DSACKING_ACK) !== 0) {
		/* Both copies arrived: no loss. */
		tp.tlp_high_seq = 0;
	} else if (after(ack, tp.tlp_high_seq)) {
		/* The probe mended a loss. */
		tcp_init_cwnd_reduction(sk);
		tcp_set_ca_state(sk, TCP_CA_CWR);
		tcp_end_cwnd_reduction(sk);
		tcp_try_keep_open(sk);
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPLOSSPROBERECOVERY);
	} else if ((flag & (FLAG_SND_UNA_ADVANCED | FLAG_NOT_DUP | FLAG_DATA_SACKED)) === 0) {
		tp.tlp_high_seq = 0;
	}
}

/**
 * Tells the congestion control of an ACK; flags are CA_ACK_* bits.
 * @kernel net/ipv4/tcp_input.c:3630 (v5.10)
 */
function tcp_in_ack_event(sk: sock, flags: number): void {
	inet_csk(sk).icsk_ca_ops!.in_ack_event?.(sk, flags);
}

/**
 * Sends what loss recovery asks for.
 * @kernel net/ipv4/tcp_input.c:3642 (v5.10)
 */
function tcp_xmit_recovery(sk: sock, rexmit: number): void {
	const tp = tcp_sk(sk);

	if (rexmit === REXMIT_NONE || sk.sk_state === TCP_SYN_SENT) return;

	if (rexmit === REXMIT_NEW) {
		__tcp_push_pending_frames(sk, tcp_current_mss(sk), TCP_NAGLE_OFF);
		if (after(tp.snd_nxt, tp.high_seq)) return;
		tp.frto = false;
	}
	tcp_xmit_retransmit_queue(sk);
}

/**
 * Segments that arrived at the peer by this ACK.
 * @kernel net/ipv4/tcp_input.c:3660 (v5.10)
 */
function tcp_newly_delivered(sk: sock, prior_delivered: number, flag: number): number {
	const net = sk.sk_net;
	const delivered = tcp_sk(sk).delivered - prior_delivered;

	NET_ADD_STATS(net, LINUX_MIB_TCPDELIVERED, delivered);
	if ((flag & FLAG_ECE) !== 0) NET_ADD_STATS(net, LINUX_MIB_TCPDELIVEREDCE, delivered);

	return delivered;
}

/**
 * Works on the acknowledgement of a segment.
 * @param flag FLAG_* bits
 * @returns 1, 0 for an old one, -1 when it is out of the window
 * @kernel net/ipv4/tcp_input.c:3675 (v5.10)
 */
function tcp_ack(sk: sock, skb: sk_buff, flag: number): number {
	const tp = tcp_sk(sk);
	const state = tp.sack_state;
	const rs = state.rate;
	const cb = TCP_SKB_CB(skb);
	const prior_snd_una = tp.snd_una;
	const is_sack_reneg = tp.is_sack_reneg;
	const ack_seq = cb.seq;
	const ack = cb.ack_seq;
	let num_dupack = 0;
	const prior_packets = tp.packets_out;
	let delivered = tp.delivered;
	let lost = tp.lost;

	rs.clear();
	state.first_sackt = 0;
	state.last_sackt = 0;
	state.sack_delivered = 0;
	state.rexmit = REXMIT_NONE;

	if (before(ack, prior_snd_una)) {
		if (before(ack, (prior_snd_una - tp.max_window) >>> 0)) {
			if ((flag & FLAG_NO_CHALLENGE_ACK) === 0) tcp_send_challenge_ack(sk, skb);
			return -1;
		}

		/* Old, but its SACK blocks may tell something new. */
		if (cb.sacked !== 0) {
			flag |= tcp_sacktag_write_queue(sk, skb, prior_snd_una, state);
			state.ack_flag = flag;
			tcp_fastretrans_alert(sk, prior_snd_una, num_dupack, state);
			tcp_newly_delivered(sk, delivered, flag);
			tcp_xmit_recovery(sk, state.rexmit);
		}
		return 0;
	}

	if (after(ack, tp.snd_nxt)) return -1;

	if (after(ack, prior_snd_una)) {
		flag |= FLAG_SND_UNA_ADVANCED;
		tp.icsk_retransmits = 0;
	}

	const prior_fack = tcp_is_sack(tp) ? tcp_highest_sack_seq(tp) : tp.snd_una;
	rs.prior_in_flight = tcp_packets_in_flight(tp);

	if ((flag & FLAG_UPDATE_TS_RECENT) !== 0) tcp_replace_ts_recent(tp, cb.seq);

	if ((flag & (FLAG_SLOWPATH | FLAG_SND_UNA_ADVANCED)) === FLAG_SND_UNA_ADVANCED) {
		/* The fast path: the window is the same, and nothing but snd_una moved. */
		tcp_update_wl(tp, ack_seq);
		tcp_snd_una_update(tp, ack);
		flag |= FLAG_WIN_UPDATE;

		tcp_in_ack_event(sk, CA_ACK_WIN_UPDATE);

		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPHPACKS);
	} else {
		let ack_ev_flags = CA_ACK_SLOWPATH;

		if (ack_seq !== cb.end_seq) flag |= FLAG_DATA;
		else NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPPUREACKS);

		flag |= tcp_ack_update_window(sk, skb, ack, ack_seq);

		if (cb.sacked !== 0) flag |= tcp_sacktag_write_queue(sk, skb, prior_snd_una, state);

		if (tcp_ecn_rcv_ecn_echo(tp, tcp_hdr_flags(skb))) {
			flag |= FLAG_ECE;
			ack_ev_flags |= CA_ACK_ECE;
		}

		if (state.sack_delivered !== 0)
			tcp_count_delivered(tp, state.sack_delivered, (flag & FLAG_ECE) !== 0);

		if ((flag & FLAG_WIN_UPDATE) !== 0) ack_ev_flags |= CA_ACK_WIN_UPDATE;

		tcp_in_ack_event(sk, ack_ev_flags);
	}

	/* On pure ACKs too, for some stacks send it there. */
	tcp_ecn_accept_cwr(sk, skb);

	sk.sk_err_soft = 0;
	tp.icsk_probes_out = 0;
	tp.rcv_tstamp = tcp_jiffies32(sk);
	if (prior_packets === 0) {
		if ((flag & FLAG_DSACKING_ACK) !== 0) {
			state.ack_flag = flag;
			tcp_fastretrans_alert(sk, prior_snd_una, num_dupack, state);
			flag = state.ack_flag;
			tcp_newly_delivered(sk, delivered, flag);
		}
		tcp_ack_probe(sk);

		if (tp.tlp_high_seq !== 0) tcp_process_tlp_ack(sk, ack, flag);
		return 1;
	}

	flag |= tcp_clean_rtx_queue(
		sk,
		prior_fack,
		prior_snd_una,
		state,
		(flag & FLAG_ECE) !== 0,
	);

	tcp_rack_update_reo_wnd(sk, rs);

	if (tp.tlp_high_seq !== 0) tcp_process_tlp_ack(sk, ack, flag);

	if (tcp_ack_is_dubious(sk, flag)) {
		if ((flag & (FLAG_SND_UNA_ADVANCED | FLAG_NOT_DUP)) === 0) {
			num_dupack = 1;
			/* Several may have become one on the backlog. */
			if ((flag & FLAG_DATA) === 0) num_dupack = Math.max(1, skb_shinfo(skb).gso_segs);
		}
		state.ack_flag = flag;
		tcp_fastretrans_alert(sk, prior_snd_una, num_dupack, state);
		flag = state.ack_flag;
	}

	if ((flag & FLAG_SET_XMIT_TIMER) !== 0) tcp_set_xmit_timer(sk);

	if ((flag & FLAG_FORWARD_PROGRESS) !== 0 || (flag & FLAG_NOT_DUP) === 0) sk_dst_confirm(sk);

	delivered = tcp_newly_delivered(sk, delivered, flag);
	lost = tp.lost - lost;
	rs.is_ack_delayed = (flag & FLAG_ACK_MAYBE_DELAYED) !== 0;
	tcp_rate_gen(sk, delivered, lost, is_sack_reneg, rs);
	tcp_cong_control(sk, ack, delivered, flag, rs);
	tcp_xmit_recovery(sk, state.rexmit);
	return 1;
}

/**
 * Reads the options of a segment.
 * @param estab not a SYN: of its options only timestamps and SACK count
 * @kernel net/ipv4/tcp_input.c:3948 (v5.10)
 */
export function tcp_parse_options(
	net: net,
	skb: sk_buff,
	opt_rx: tcp_options_received,
	estab: boolean,
): void {
	const { head } = skb;
	const th = skb.transport_header;
	const syn = (head[th + TCPHDR_flags] & TCPHDR_SYN) !== 0;
	let ptr = th + TCPHDR_LEN;
	let length = (head[th + TCPHDR_doff] >> 4) * 4 - TCPHDR_LEN;

	opt_rx.saw_tstamp = false;

	while (length > 0) {
		const opcode = head[ptr++];

		if (opcode === TCPOPT_EOL) return;
		if (opcode === TCPOPT_NOP) {
			length--;
			continue;
		}
		if (length < 2) return;
		const opsize = head[ptr++];
		if (opsize < 2) return;
		if (opsize > length) return;
		switch (opcode) {
			case TCPOPT_MSS:
				if (opsize === TCPOLEN_MSS && syn && !estab) {
					let in_mss: number = get_unaligned_be16(head, ptr);
					if (in_mss !== 0) {
						if (opt_rx.user_mss !== 0 && opt_rx.user_mss < in_mss)
							in_mss = opt_rx.user_mss;
						opt_rx.mss_clamp = in_mss;
					}
				}
				break;
			case TCPOPT_WINDOW:
				if (
					opsize === TCPOLEN_WINDOW &&
					syn &&
					!estab &&
					net.ipv4.sysctl_tcp_window_scaling !== 0
				) {
					let snd_wscale = head[ptr];
					opt_rx.wscale_ok = true;
					if (snd_wscale > TCP_MAX_WSCALE) {
						net.machine.printk(
							`tcp_parse_options: Illegal window scaling value ${snd_wscale} > ${TCP_MAX_WSCALE} received`,
						);
						snd_wscale = TCP_MAX_WSCALE;
					}
					opt_rx.snd_wscale = snd_wscale;
				}
				break;
			case TCPOPT_TIMESTAMP:
				if (
					opsize === TCPOLEN_TIMESTAMP &&
					((estab && opt_rx.tstamp_ok) ||
						(!estab && net.ipv4.sysctl_tcp_timestamps !== 0))
				) {
					opt_rx.saw_tstamp = true;
					opt_rx.rcv_tsval = get_unaligned_be32(head, ptr);
					opt_rx.rcv_tsecr = get_unaligned_be32(head, ptr + 4);
				}
				break;
			case TCPOPT_SACK_PERM:
				if (
					opsize === TCPOLEN_SACK_PERM &&
					syn &&
					!estab &&
					net.ipv4.sysctl_tcp_sack !== 0
				) {
					opt_rx.sack_ok = TCP_SACK_SEEN;
					tcp_sack_reset(opt_rx);
				}
				break;

			case TCPOPT_SACK:
				if (
					opsize >= TCPOLEN_SACK_BASE + TCPOLEN_SACK_PERBLOCK &&
					(opsize - TCPOLEN_SACK_BASE) % TCPOLEN_SACK_PERBLOCK === 0 &&
					opt_rx.sack_ok !== 0
				)
					TCP_SKB_CB(skb).sacked = ptr - 2 - th;
				break;
		}
		ptr += opsize - 2;
		length -= opsize;
	}
}

const TIMESTAMP_ALIGNED =
	(TCPOPT_NOP << 24) | (TCPOPT_NOP << 16) | (TCPOPT_TIMESTAMP << 8) | TCPOLEN_TIMESTAMP;

/**
 * Reads a timestamp option that stands alone behind two NOPs; tells whether it does.
 * @kernel net/ipv4/tcp_input.c:4073 (v5.10)
 */
function tcp_parse_aligned_timestamp(tp: tcp_sock, skb: sk_buff): boolean {
	const ptr = skb.transport_header + TCPHDR_LEN;

	if (get_unaligned_be32(skb.head, ptr) === TIMESTAMP_ALIGNED) {
		tp.rx_opt.saw_tstamp = true;
		tp.rx_opt.rcv_tsval = get_unaligned_be32(skb.head, ptr + 4);
		const tsecr = get_unaligned_be32(skb.head, ptr + 8);
		tp.rx_opt.rcv_tsecr = tsecr !== 0 ? (tsecr - tp.tsoffset) >>> 0 : 0;
		return true;
	}
	return false;
}

/**
 * Reads the options of a segment of a connection; tells whether there are any.
 * @kernel net/ipv4/tcp_input.c:4095 (v5.10)
 */
function tcp_fast_parse_options(net: net, skb: sk_buff, tp: tcp_sock): boolean {
	const len = tcp_hdrlen(skb);

	if (len === TCPHDR_LEN) {
		tp.rx_opt.saw_tstamp = false;
		return false;
	}
	if (
		tp.rx_opt.tstamp_ok &&
		len === TCPHDR_LEN + TCPOLEN_TSTAMP_ALIGNED &&
		tcp_parse_aligned_timestamp(tp, skb)
	)
		return true;

	tcp_parse_options(net, skb, tp.rx_opt, true);
	if (tp.rx_opt.saw_tstamp && tp.rx_opt.rcv_tsecr !== 0)
		tp.rx_opt.rcv_tsecr = (tp.rx_opt.rcv_tsecr - tp.tsoffset) >>> 0;

	return true;
}

/**
 * Tells whether a segment with an old timestamp is a harmless duplicate ACK.
 * @kernel net/ipv4/tcp_input.c:4176 (v5.10)
 */
function tcp_disordered_ack(sk: sock, skb: sk_buff): boolean {
	const tp = tcp_sk(sk);
	const { seq, end_seq, ack_seq } = TCP_SKB_CB(skb);

	return (
		(tcp_hdr_flags(skb) & TCPHDR_ACK) !== 0 &&
		seq === end_seq &&
		seq === tp.rcv_nxt &&
		ack_seq === tp.snd_una &&
		!tcp_may_update_window(
			tp,
			ack_seq,
			seq,
			tcp_hdr_window(skb) << tp.rx_opt.snd_wscale,
		) &&
		((tp.rx_opt.ts_recent - tp.rx_opt.rcv_tsval) | 0) <=
			Math.floor((tp.icsk_rto * 1024) / HZ)
	);
}

/**
 * Tells whether a segment is to be dropped for its old timestamp.
 * @kernel net/ipv4/tcp_input.c:4196 (v5.10)
 */
function tcp_paws_discard(sk: sock, skb: sk_buff): boolean {
	return (
		!tcp_paws_check(sk.machine, tcp_sk(sk).rx_opt, TCP_PAWS_WINDOW) &&
		!tcp_disordered_ack(sk, skb)
	);
}

/**
 * Tells whether a segment touches the window.
 * @kernel net/ipv4/tcp_input.c:4218 (v5.10)
 */
function tcp_sequence(tp: tcp_sock, seq: number, end_seq: number): boolean {
	return (
		!before(end_seq, tp.rcv_wup) &&
		!after(seq, (tp.rcv_nxt + tcp_receive_window(tp)) >>> 0)
	);
}

/**
 * The peer reset the connection.
 * @kernel net/ipv4/tcp_input.c:4225 (v5.10)
 */
export function tcp_reset(sk: sock): void {
	switch (sk.sk_state) {
		case TCP_SYN_SENT:
			sk.sk_err = ECONNREFUSED;
			break;
		case TCP_CLOSE_WAIT:
			sk.sk_err = EPIPE;
			break;
		case TCP_CLOSE:
			return;
		default:
			sk.sk_err = ECONNRESET;
	}

	tcp_write_queue_purge(sk);
	tcp_done(sk);

	if (!sock_flag(sk, SOCK_DEAD)) sk.sk_error_report(sk);
}

/**
 * The peer's FIN has its turn.
 * @kernel net/ipv4/tcp_input.c:4266 (v5.10)
 */
export function tcp_fin(sk: sock): void {
	const tp = tcp_sk(sk);

	inet_csk_schedule_ack(sk);

	sk.sk_shutdown |= RCV_SHUTDOWN;
	sock_set_flag(sk, SOCK_DONE);

	switch (sk.sk_state) {
		case TCP_SYN_RECV:
		case TCP_ESTABLISHED:
			tcp_set_state(sk, TCP_CLOSE_WAIT);
			inet_csk_enter_pingpong_mode(sk);
			break;

		case TCP_CLOSE_WAIT:
		case TCP_CLOSING:
		case TCP_LAST_ACK:
			/* A FIN that was sent again. */
			break;

		case TCP_FIN_WAIT1:
			/* Both sides close at the same time. */
			tcp_send_ack(sk);
			tcp_set_state(sk, TCP_CLOSING);
			break;
		case TCP_FIN_WAIT2:
			tcp_send_ack(sk);
			tcp_time_wait(sk, TCP_TIME_WAIT, 0);
			break;
		default:
			sk.machine.printk(`tcp_fin: Impossible, sk->sk_state=${sk.sk_state}`);
			break;
	}

	__skb_queue_purge(tp.out_of_order_queue);
	if (tcp_is_sack(tp)) tcp_sack_reset(tp.rx_opt);
	sk_mem_reclaim(sk);

	if (!sock_flag(sk, SOCK_DEAD)) sk.sk_state_change(sk);
}

/**
 * Lets a SACK block grow by a span that touches it; tells whether it does.
 * @kernel net/ipv4/tcp_input.c:4335 (v5.10)
 */
function tcp_sack_extend(sp: tcp_sack_block, seq: number, end_seq: number): boolean {
	if (!after(seq, sp.end_seq) && !after(sp.start_seq, end_seq)) {
		if (before(seq, sp.start_seq)) sp.start_seq = seq;
		if (after(end_seq, sp.end_seq)) sp.end_seq = end_seq;
		return true;
	}
	return false;
}

/**
 * Remembers a duplicate to report.
 * @kernel net/ipv4/tcp_input.c:4348 (v5.10)
 */
function tcp_dsack_set(sk: sock, seq: number, end_seq: number): void {
	const tp = tcp_sk(sk);

	if (tcp_is_sack(tp) && sk.sk_net.ipv4.sysctl_tcp_dsack !== 0) {
		const mib_idx = before(seq, tp.rcv_nxt)
			? LINUX_MIB_TCPDSACKOLDSENT
			: LINUX_MIB_TCPDSACKOFOSENT;

		NET_INC_STATS(sk.sk_net, mib_idx);

		tp.rx_opt.dsack = true;
		tp.duplicate_sack.start_seq = seq;
		tp.duplicate_sack.end_seq = end_seq;
	}
}

/**
 * Adds to the duplicate to report.
 * @kernel net/ipv4/tcp_input.c:4368 (v5.10)
 */
function tcp_dsack_extend(sk: sock, seq: number, end_seq: number): void {
	const tp = tcp_sk(sk);

	if (!tp.rx_opt.dsack) tcp_dsack_set(sk, seq, end_seq);
	else tcp_sack_extend(tp.duplicate_sack, seq, end_seq);
}

/**
 * Tries another path when the peer sends the same again and again: our ACKs may be lost.
 * @kernel net/ipv4/tcp_input.c:4378 (v5.10)
 */
function tcp_rcv_spurious_retrans(sk: sock, skb: sk_buff): void {
	if (
		TCP_SKB_CB(skb).seq === tcp_sk(sk).duplicate_sack.start_seq &&
		sk_rethink_txhash(sk)
	)
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPDUPLICATEDATAREHASH);
}

/**
 * Answers a segment that is out of the window.
 * @kernel net/ipv4/tcp_input.c:4390 (v5.10)
 */
function tcp_send_dupack(sk: sock, skb: sk_buff): void {
	const tp = tcp_sk(sk);
	const cb = TCP_SKB_CB(skb);

	if (cb.end_seq !== cb.seq && before(cb.seq, tp.rcv_nxt)) {
		NET_INC_STATS(sk.sk_net, LINUX_MIB_DELAYEDACKLOST);
		tcp_enter_quickack_mode(sk, TCP_MAX_QUICKACKS);

		if (tcp_is_sack(tp) && sk.sk_net.ipv4.sysctl_tcp_dsack !== 0) {
			let { end_seq } = cb;

			tcp_rcv_spurious_retrans(sk, skb);
			if (after(end_seq, tp.rcv_nxt)) end_seq = tp.rcv_nxt;
			tcp_dsack_set(sk, cb.seq, end_seq);
		}
	}

	tcp_send_ack(sk);
}

/**
 * Joins the first SACK block with those that it reaches.
 * @kernel net/ipv4/tcp_input.c:4415 (v5.10)
 */
function tcp_sack_maybe_coalesce(tp: tcp_sock): void {
	const sp = tp.selective_acks;

	for (let this_sack = 1; this_sack < tp.rx_opt.num_sacks; ) {
		if (tcp_sack_extend(sp[0], sp[this_sack].start_seq, sp[this_sack].end_seq)) {
			tp.rx_opt.num_sacks--;
			for (let i = this_sack; i < tp.rx_opt.num_sacks; i++) sp[i].copy_from(sp[i + 1]);
			continue;
		}
		this_sack++;
	}
}

/**
 * Sends the ACK that compression holds back.
 * @kernel net/ipv4/tcp_input.c:4441 (v5.10)
 */
function tcp_sack_compress_send_ack(sk: sock): void {
	const tp = tcp_sk(sk);

	if (tp.compressed_ack === 0) return;

	if (hrtimer_try_to_cancel(tp.compressed_ack_timer!) === 1) __sock_put(sk);

	/* One ACK is sent after all. */
	NET_ADD_STATS(sk.sk_net, LINUX_MIB_TCPACKCOMPRESSED, tp.compressed_ack - 1);

	tp.compressed_ack = 0;
	tcp_send_ack(sk);
}

/** SACK blocks that surely get through in one of several ACKs. */
const TCP_SACK_BLOCKS_EXPECTED = 2;

/**
 * Reports a segment that came out of order: its block becomes the first.
 * @kernel net/ipv4/tcp_input.c:4468 (v5.10)
 */
function tcp_sack_new_ofo_skb(sk: sock, seq: number, end_seq: number): void {
	const tp = tcp_sk(sk);
	const sp = tp.selective_acks;
	const cur_sacks = tp.rx_opt.num_sacks;
	let this_sack = 0;

	if (cur_sacks !== 0) {
		for (; this_sack < cur_sacks; this_sack++) {
			if (tcp_sack_extend(sp[this_sack], seq, end_seq)) {
				if (this_sack >= TCP_SACK_BLOCKS_EXPECTED) tcp_sack_compress_send_ack(sk);
				for (; this_sack > 0; this_sack--) {
					const b = sp[this_sack];
					sp[this_sack] = sp[this_sack - 1];
					sp[this_sack - 1] = b;
				}
				if (cur_sacks > 1) tcp_sack_maybe_coalesce(tp);
				return;
			}
		}

		if (this_sack >= TCP_SACK_BLOCKS_EXPECTED) tcp_sack_compress_send_ack(sk);

		if (this_sack >= TCP_NUM_SACKS) {
			this_sack--;
			tp.rx_opt.num_sacks--;
		}
		for (; this_sack > 0; this_sack--) sp[this_sack].copy_from(sp[this_sack - 1]);
	}

	sp[0].start_seq = seq;
	sp[0].end_seq = end_seq;
	tp.rx_opt.num_sacks++;
}

/**
 * Drops the SACK blocks that rcv_nxt has reached.
 * @kernel net/ipv4/tcp_input.c:4517 (v5.10)
 */
function tcp_sack_remove(tp: tcp_sock): void {
	const sp = tp.selective_acks;
	let { num_sacks } = tp.rx_opt;

	if (tp.out_of_order_queue.first === null) {
		tp.rx_opt.num_sacks = 0;
		return;
	}

	for (let this_sack = 0; this_sack < num_sacks; ) {
		if (!before(tp.rcv_nxt, sp[this_sack].start_seq)) {
			WARN_ON(
				tp.machine,
				before(tp.rcv_nxt, sp[this_sack].end_seq),
				'tcp_sack_remove',
				'block not covered',
			);

			for (let i = this_sack + 1; i < num_sacks; i++) sp[i - 1].copy_from(sp[i]);
			num_sacks--;
			continue;
		}
		this_sack++;
	}
	tp.rx_opt.num_sacks = num_sacks;
}

/**
 * Appends a packet's payload to the one before it in a queue, when that is cheap; the caller then frees it.
 * @kernel net/ipv4/tcp_input.c:4562 (v5.10)
 */
function tcp_try_coalesce(sk: sock, to: sk_buff, from: sk_buff): boolean {
	const tcb = TCP_SKB_CB(to);
	const fcb = TCP_SKB_CB(from);

	if (fcb.seq !== tcb.end_seq) return false;

	const delta = skb_try_coalesce(to, from);
	if (delta < 0) return false;

	sk.sk_rmem_alloc += delta;
	sk_mem_charge(sk, delta);
	NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPRCVCOALESCE);
	tcb.end_seq = fcb.end_seq;
	tcb.ack_seq = fcb.ack_seq;
	tcb.tcp_flags |= fcb.tcp_flags;

	if (fcb.has_rxtstamp) {
		tcb.has_rxtstamp = true;
		to.tstamp = from.tstamp;
	}

	return true;
}

/**
 * The same in the out-of-order queue, where segments are counted as well.
 * @kernel net/ipv4/tcp_input.c:4602 (v5.10)
 */
function tcp_ooo_try_coalesce(sk: sock, to: sk_buff, from: sk_buff): boolean {
	const res = tcp_try_coalesce(sk, to, from);

	if (res) {
		const gso_segs =
			Math.max(1, skb_shinfo(to).gso_segs) + Math.max(1, skb_shinfo(from).gso_segs);

		skb_shinfo(to).gso_segs = Math.min(gso_segs, 0xffff);
	}
	return res;
}

/**
 * Drops a received segment.
 * @kernel net/ipv4/tcp_input.c:4619 (v5.10)
 */
function tcp_drop(sk: sock, skb: sk_buff): void {
	sk_drops_add(sk, skb);
	__kfree_skb(skb);
}

/**
 * Moves what is in order by now from the out-of-order queue to the receive queue.
 * @kernel net/ipv4/tcp_input.c:4628 (v5.10)
 */
function tcp_ofo_queue(sk: sock): void {
	const tp = tcp_sk(sk);
	let dsack_high = tp.rcv_nxt;
	let skb: sk_buff | null;

	while ((skb = tp.out_of_order_queue.first) !== null) {
		const cb = TCP_SKB_CB(skb);

		if (after(cb.seq, tp.rcv_nxt)) break;

		if (before(cb.seq, dsack_high)) {
			const dsack = dsack_high;
			if (before(cb.end_seq, dsack_high)) dsack_high = cb.end_seq;
			tcp_dsack_extend(sk, cb.seq, dsack);
		}
		__skb_unlink(skb, tp.out_of_order_queue);

		if (!after(cb.end_seq, tp.rcv_nxt)) {
			tcp_drop(sk, skb);
			continue;
		}

		const tail = sk.sk_receive_queue.last;
		const eaten = tail !== null && tcp_try_coalesce(sk, tail, skb);
		tcp_rcv_nxt_update(tp, cb.end_seq);
		const fin = (cb.tcp_flags & TCPHDR_FIN) !== 0;
		if (!eaten) __skb_queue_tail(sk.sk_receive_queue, skb);
		else kfree_skb_partial(skb, false);

		if (fin) {
			tcp_fin(sk);
			break;
		}
	}
}

/**
 * Makes room in the receive buffer; returns 0, or -1 when there is none.
 * @kernel net/ipv4/tcp_input.c:4678 (v5.10)
 */
function tcp_try_rmem_schedule(sk: sock, skb: sk_buff, size: number): number {
	if (sk.sk_rmem_alloc > sk.sk_rcvbuf || !sk_rmem_schedule(sk, skb, size)) {
		if (tcp_prune_queue(sk) < 0) return -1;

		while (!sk_rmem_schedule(sk, skb, size)) if (!tcp_prune_ofo_queue(sk)) return -1;
	}
	return 0;
}

/**
 * Files a segment that came out of order.
 * @kernel net/ipv4/tcp_input.c:4695 (v5.10)
 */
function tcp_data_queue_ofo(sk: sock, skb: sk_buff): void {
	const tp = tcp_sk(sk);
	const queue = tp.out_of_order_queue;

	tcp_ecn_check_ce(sk, skb);

	if (tcp_try_rmem_schedule(sk, skb, skb.truesize) !== 0) {
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPOFODROP);
		sk.sk_data_ready(sk);
		tcp_drop(sk, skb);
		return;
	}

	tp.pred_flags = 0;
	inet_csk_schedule_ack(sk);

	tp.rcv_ooopack += Math.max(1, skb_shinfo(skb).gso_segs);
	NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPOFOQUEUE);
	const { seq, end_seq } = TCP_SKB_CB(skb);

	end: {
		if (queue.last === null) {
			if (tcp_is_sack(tp)) {
				tp.rx_opt.num_sacks = 1;
				tp.selective_acks[0].start_seq = seq;
				tp.selective_acks[0].end_seq = end_seq;
			}
			__skb_queue_tail(queue, skb);
			break end;
		}

		/*
		 * PORT: the place is looked for from the end of the list, where the C goes down a tree. prev gets
		 * the last packet that does not begin behind this one.
		 */
		let prev: sk_buff | null = queue.last;
		while (prev !== null && before(seq, TCP_SKB_CB(prev).seq)) prev = prev.prev;

		if (prev !== null) {
			const pcb = TCP_SKB_CB(prev);

			if (before(seq, pcb.end_seq)) {
				if (!after(end_seq, pcb.end_seq)) {
					/* Nothing new. */
					NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPOFOMERGE);
					tcp_drop(sk, skb);
					tcp_dsack_set(sk, seq, end_seq);
					if (tcp_is_sack(tp)) tcp_sack_new_ofo_skb(sk, seq, end_seq);
					return;
				}
				if (after(seq, pcb.seq)) {
					tcp_dsack_set(sk, seq, pcb.end_seq);
				} else {
					/* It covers the old one, and takes its place. */
					const covered = prev;
					prev = prev.prev;
					__skb_unlink(covered, queue);
					tcp_dsack_extend(sk, pcb.seq, pcb.end_seq);
					NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPOFOMERGE);
					tcp_drop(sk, covered);
				}
			} else if (tcp_ooo_try_coalesce(sk, prev, skb)) {
				/* Without SACK the window stays, so that duplicate ACKs look like ones. */
				if (tcp_is_sack(tp)) tcp_grow_window(sk, skb);
				kfree_skb_partial(skb, false);
				if (tcp_is_sack(tp)) tcp_sack_new_ofo_skb(sk, seq, end_seq);
				return;
			}
		}
		if (prev === null) __skb_queue_head(queue, skb);
		else __skb_queue_after(queue, prev, skb);

		/* Those behind that it covers go. */
		let skb1: sk_buff | null;
		while ((skb1 = skb.next) !== null) {
			const cb1 = TCP_SKB_CB(skb1);

			if (!after(end_seq, cb1.seq)) break;
			if (before(end_seq, cb1.end_seq)) {
				tcp_dsack_extend(sk, cb1.seq, end_seq);
				break;
			}
			__skb_unlink(skb1, queue);
			tcp_dsack_extend(sk, cb1.seq, cb1.end_seq);
			NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPOFOMERGE);
			tcp_drop(sk, skb1);
		}

		if (tcp_is_sack(tp)) tcp_sack_new_ofo_skb(sk, seq, end_seq);
	}

	if (tcp_is_sack(tp)) tcp_grow_window(sk, skb);
	skb_condense(skb);
	skb_set_owner_r(skb, sk);
}

/**
 * Puts a segment into the receive queue; true when its payload went to the one before it.
 * @kernel net/ipv4/tcp_input.c:4839 (v5.10)
 */
function tcp_queue_rcv(sk: sock, skb: sk_buff): boolean {
	const tail = sk.sk_receive_queue.last;
	const eaten = tail !== null && tcp_try_coalesce(sk, tail, skb);

	tcp_rcv_nxt_update(tcp_sk(sk), TCP_SKB_CB(skb).end_seq);
	if (!eaten) {
		__skb_queue_tail(sk.sk_receive_queue, skb);
		skb_set_owner_r(skb, sk);
	}
	return eaten;
}

/**
 * Wakes the reader when there is enough to read.
 * @kernel net/ipv4/tcp_input.c:4908 (v5.10)
 */
export function tcp_data_ready(sk: sock): void {
	const tp = tcp_sk(sk);
	const avail = (tp.rcv_nxt - tp.copied_seq) | 0;

	if (
		avail < sk.sk_rcvlowat &&
		!tcp_rmem_pressure(sk) &&
		!sock_flag(sk, SOCK_DONE) &&
		tcp_receive_window(tp) > tp.icsk_ack.rcv_mss
	)
		return;

	sk.sk_data_ready(sk);
}

/**
 * Takes the payload of a segment.
 * @kernel net/ipv4/tcp_input.c:4921 (v5.10)
 */
function tcp_data_queue(sk: sock, skb: sk_buff): void {
	const tp = tcp_sk(sk);
	const cb = TCP_SKB_CB(skb);

	if (cb.seq === cb.end_seq) {
		__kfree_skb(skb);
		return;
	}
	skb_dst_drop(skb);
	__skb_pull(skb, tcp_hdrlen(skb));

	tp.rx_opt.dsack = false;

	out_of_window: {
		if (cb.seq === tp.rcv_nxt) {
			if (tcp_receive_window(tp) === 0) {
				NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPZEROWINDOWDROP);
				break out_of_window;
			}
		} else {
			if (!after(cb.end_seq, tp.rcv_nxt)) {
				tcp_rcv_spurious_retrans(sk, skb);
				NET_INC_STATS(sk.sk_net, LINUX_MIB_DELAYEDACKLOST);
				tcp_dsack_set(sk, cb.seq, cb.end_seq);
				break out_of_window;
			}

			if (!before(cb.seq, (tp.rcv_nxt + tcp_receive_window(tp)) >>> 0))
				break out_of_window;

			if (!before(cb.seq, tp.rcv_nxt)) {
				tcp_data_queue_ofo(sk, skb);
				return;
			}

			tcp_dsack_set(sk, cb.seq, tp.rcv_nxt);

			if (tcp_receive_window(tp) === 0) {
				NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPZEROWINDOWDROP);
				break out_of_window;
			}
		}

		if (skb_queue_len(sk.sk_receive_queue) === 0) {
			sk_forced_mem_schedule(sk, skb.truesize);
		} else if (tcp_try_rmem_schedule(sk, skb, skb.truesize) !== 0) {
			NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPRCVQDROP);
			sk.sk_data_ready(sk);
			tcp_drop(sk, skb);
			return;
		}

		const eaten = tcp_queue_rcv(sk, skb);
		if (skb.len !== 0) tcp_event_data_recv(sk, skb);
		if ((cb.tcp_flags & TCPHDR_FIN) !== 0) tcp_fin(sk);

		if (tp.out_of_order_queue.first !== null) {
			tcp_ofo_queue(sk);

			/* A gap is filled: the peer shall know at once. */
			if (tp.out_of_order_queue.qlen === 0) tp.icsk_ack.pending |= ICSK_ACK_NOW;
		}

		if (tp.rx_opt.num_sacks !== 0) tcp_sack_remove(tp);

		tcp_fast_path_check(sk);

		if (eaten) kfree_skb_partial(skb, false);
		if (!sock_flag(sk, SOCK_DEAD)) tcp_data_ready(sk);
		return;
	}

	tcp_enter_quickack_mode(sk, TCP_MAX_QUICKACKS);
	inet_csk_schedule_ack(sk);
	tcp_drop(sk, skb);
}

/**
 * Takes a packet out of its queue and frees it; returns the one behind.
 * @kernel net/ipv4/tcp_input.c:5030 (v5.10)
 */
function tcp_collapse_one(sk: sock, skb: sk_buff, list: sk_buff_head): sk_buff | null {
	const { next } = skb;

	__skb_unlink(skb, list);
	__kfree_skb(skb);
	NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPRCVCOLLAPSED);

	return next;
}

/** Bytes that fit in a page with the packet's own structures; SKB_MAX_ORDER(0, 0). */
const SKB_MAX_ORDER0 = PAGE_SIZE - SIZEOF_SKB_SHARED_INFO;

/**
 * Copies packets with much overhead together, from head up to tail (null: the end), numbers start to end.
 * PORT: both queues are lists, so the new packets go into either at once.
 * @kernel net/ipv4/tcp_input.c:5075 (v5.10)
 */
function tcp_collapse(
	sk: sock,
	list: sk_buff_head,
	head: sk_buff,
	tail: sk_buff | null,
	start: number,
	end: number,
): void {
	const m = sk.machine;
	let skb: sk_buff | null = head;
	let end_of_skbs = true;

	while (skb !== null && skb !== tail) {
		const cb = TCP_SKB_CB(skb);
		const n: sk_buff | null = skb.next;

		if (!before(start, cb.end_seq)) {
			skb = tcp_collapse_one(sk, skb, list);
			continue;
		}

		if (
			(cb.tcp_flags & (TCPHDR_SYN | TCPHDR_FIN)) === 0 &&
			(tcp_win_from_space(sk, skb.truesize) > skb.len || before(cb.seq, start))
		) {
			end_of_skbs = false;
			break;
		}

		if (n !== null && n !== tail && cb.end_seq !== TCP_SKB_CB(n).seq) {
			end_of_skbs = false;
			break;
		}

		start = cb.end_seq;
		skb = n;
	}
	if (
		end_of_skbs ||
		skb === null ||
		(TCP_SKB_CB(skb).tcp_flags & (TCPHDR_SYN | TCPHDR_FIN)) !== 0
	)
		return;

	while (before(start, end)) {
		let copy = Math.min(SKB_MAX_ORDER0, (end - start) >>> 0);
		const nskb = alloc_skb(m, copy);
		const ncb = TCP_SKB_CB(nskb);

		ncb.copy_from(TCP_SKB_CB(skb));
		ncb.seq = start;
		ncb.end_seq = start;
		__skb_queue_before(list, skb, nskb);
		skb_set_owner_r(nskb, sk);

		while (copy > 0) {
			const cb: tcp_skb_cb = TCP_SKB_CB(skb);
			const offset = (start - cb.seq) | 0;
			let size = (cb.end_seq - start) | 0;

			if (size > 0) {
				size = Math.min(copy, size);
				const at = skb_put(nskb, size);
				if (offset < 0 || skb_copy_bits(skb, offset, nskb.head, at, size) !== 0) {
					m.record('BUG', 'tcp_collapse', 'packet without its payload');
					return;
				}
				ncb.end_seq = (ncb.end_seq + size) >>> 0;
				copy -= size;
				start = (start + size) >>> 0;
			}
			if (!before(start, cb.end_seq)) {
				skb = tcp_collapse_one(sk, skb, list);
				if (
					skb === null ||
					skb === tail ||
					(TCP_SKB_CB(skb).tcp_flags & (TCPHDR_SYN | TCPHDR_FIN)) !== 0
				)
					return;
			}
		}
	}
}

/**
 * Copies the runs of the out-of-order queue together.
 * @kernel net/ipv4/tcp_input.c:5180 (v5.10)
 */
function tcp_collapse_ofo_queue(sk: sock): void {
	const tp = tcp_sk(sk);
	const queue = tp.out_of_order_queue;
	let sum_tiny = 0;
	let skb = queue.first;

	while (skb !== null) {
		const head: sk_buff = skb;
		let start = TCP_SKB_CB(skb).seq;
		let end = TCP_SKB_CB(skb).end_seq;
		let range_truesize = skb.truesize;

		for (;;) {
			skb = skb.next;

			if (
				skb === null ||
				after(TCP_SKB_CB(skb).seq, end) ||
				before(TCP_SKB_CB(skb).end_seq, start)
			) {
				if (
					range_truesize !== head.truesize ||
					(end - start) >>> 0 >= SKB_MAX_ORDER0
				) {
					tcp_collapse(sk, queue, head, skb, start, end);
				} else {
					sum_tiny += range_truesize;
					if (sum_tiny > sk.sk_rcvbuf >> 3) return;
				}
				break;
			}

			range_truesize += skb.truesize;
			if (before(TCP_SKB_CB(skb).seq, start)) start = TCP_SKB_CB(skb).seq;
			if (after(TCP_SKB_CB(skb).end_seq, end)) end = TCP_SKB_CB(skb).end_seq;
		}
	}
}

/**
 * Drops the end of the out-of-order queue; tells whether there was one.
 * @kernel net/ipv4/tcp_input.c:5238 (v5.10)
 */
function tcp_prune_ofo_queue(sk: sock): boolean {
	const tp = tcp_sk(sk);
	const queue = tp.out_of_order_queue;
	let node = queue.last;

	if (node === null) return false;

	NET_INC_STATS(sk.sk_net, LINUX_MIB_OFOPRUNED);
	let goal = sk.sk_rcvbuf >> 3;
	do {
		const prev: sk_buff | null = node.prev;
		__skb_unlink(node, queue);
		goal -= node.truesize;
		tcp_drop(sk, node);
		if (prev === null || goal <= 0) {
			sk_mem_reclaim(sk);
			if (sk.sk_rmem_alloc <= sk.sk_rcvbuf && !tcp_under_memory_pressure(sk)) break;
			goal = sk.sk_rcvbuf >> 3;
		}
		node = prev;
	} while (node !== null);

	/* What was reported by SACK is not there any more. */
	if (tp.rx_opt.sack_ok !== 0) tcp_sack_reset(tp.rx_opt);
	return true;
}

/**
 * Makes the socket hold less; returns 0, or -1 when received segments have to be dropped.
 * @kernel net/ipv4/tcp_input.c:5283 (v5.10)
 */
function tcp_prune_queue(sk: sock): number {
	const tp = tcp_sk(sk);

	NET_INC_STATS(sk.sk_net, LINUX_MIB_PRUNECALLED);

	if (sk.sk_rmem_alloc >= sk.sk_rcvbuf) tcp_clamp_window(sk);
	else if (tcp_under_memory_pressure(sk))
		tp.rcv_ssthresh = Math.min(tp.rcv_ssthresh, 4 * tp.advmss);

	if (sk.sk_rmem_alloc <= sk.sk_rcvbuf) return 0;

	tcp_collapse_ofo_queue(sk);
	const first = sk.sk_receive_queue.first;
	if (first !== null)
		tcp_collapse(sk, sk.sk_receive_queue, first, null, tp.copied_seq, tp.rcv_nxt);
	sk_mem_reclaim(sk);

	if (sk.sk_rmem_alloc <= sk.sk_rcvbuf) return 0;

	tcp_prune_ofo_queue(sk);

	if (sk.sk_rmem_alloc <= sk.sk_rcvbuf) return 0;

	NET_INC_STATS(sk.sk_net, LINUX_MIB_RCVPRUNED);

	tp.pred_flags = 0;
	return -1;
}

/**
 * Tells whether the send buffer may grow.
 * @kernel net/ipv4/tcp_input.c:5327 (v5.10)
 */
function tcp_should_expand_sndbuf(sk: sock): boolean {
	const tp = tcp_sk(sk);

	if ((sk.sk_userlocks & SOCK_SNDBUF_LOCK) !== 0) return false;

	if (tcp_under_memory_pressure(sk)) return false;

	if (sk_memory_allocated(sk) >= sk_prot_mem_limits(sk, 0)) return false;

	if (tcp_packets_in_flight(tp) >= tp.snd_cwnd) return false;

	return true;
}

/**
 * Lets the writer go on.
 * @kernel net/ipv4/tcp_input.c:5352 (v5.10)
 */
function tcp_new_space(sk: sock): void {
	const tp = tcp_sk(sk);

	if (tcp_should_expand_sndbuf(sk)) {
		tcp_sndbuf_expand(sk);
		tp.snd_cwnd_stamp = tcp_jiffies32(sk);
	}

	sk.sk_write_space(sk);
}

/**
 * Lets the writer go on, if it waits.
 * @kernel net/ipv4/tcp_input.c:5364 (v5.10)
 */
function tcp_check_space(sk: sock): void {
	const sock = sk.sk_socket;

	if (sock !== null && (sock.flags & (1 << SOCK_NOSPACE)) !== 0) {
		tcp_new_space(sk);
		if ((sock.flags & (1 << SOCK_NOSPACE)) === 0)
			tcp_chrono_stop(sk, TCP_CHRONO_SNDBUF_LIMITED);
	}
}

/**
 * Sends what an ACK let go.
 * @kernel net/ipv4/tcp_input.c:5376 (v5.10)
 */
function tcp_data_snd_check(sk: sock): void {
	tcp_push_pending_frames(sk);
	tcp_check_space(sk);
}

/**
 * Sends an ACK now, or sees to it that one goes out later.
 * @param ofo_possible the out-of-order queue may hold something
 * @kernel net/ipv4/tcp_input.c:5385 (v5.10)
 */
function __tcp_ack_snd_check(sk: sock, ofo_possible: boolean): void {
	const tp = tcp_sk(sk);
	const { ipv4 } = sk.sk_net;

	if (
		((tp.rcv_nxt - tp.rcv_wup) >>> 0 > tp.icsk_ack.rcv_mss &&
			/* And either the window moves, or the reader waits for more: else recvmsg() sends it. */
			((tp.rcv_nxt - tp.copied_seq) >>> 0 < sk.sk_rcvlowat ||
				__tcp_select_window(sk) >= tp.rcv_wnd)) ||
		tcp_in_quickack_mode(sk) ||
		(tp.icsk_ack.pending & ICSK_ACK_NOW) !== 0
	) {
		tcp_send_ack(sk);
		return;
	}

	if (!ofo_possible || tp.out_of_order_queue.first === null) {
		tcp_send_delayed_ack(sk);
		return;
	}

	if (!tcp_is_sack(tp) || tp.compressed_ack >= ipv4.sysctl_tcp_comp_sack_nr) {
		tcp_send_ack(sk);
		return;
	}

	if (tp.compressed_ack_rcv_nxt !== tp.rcv_nxt) {
		tp.compressed_ack_rcv_nxt = tp.rcv_nxt;
		tp.dup_ack_counter = 0;
	}
	if (tp.dup_ack_counter < TCP_FASTRETRANS_THRESH) {
		tp.dup_ack_counter++;
		tcp_send_ack(sk);
		return;
	}
	tp.compressed_ack++;
	if (hrtimer_is_queued(tp.compressed_ack_timer!)) return;

	/* A twentieth of the round trip time, at most a millisecond. */
	let rtt = tp.rcv_rtt_est.rtt_us;
	if (tp.srtt_us !== 0 && tp.srtt_us < rtt) rtt = tp.srtt_us;

	const delay = Math.min(
		ipv4.sysctl_tcp_comp_sack_delay_ns,
		Math.floor((rtt * (NSEC_PER_USEC >> 3)) / 20),
	);
	sock_hold(sk);
	hrtimer_start(tp.compressed_ack_timer!, sk.machine.now_ns + delay);
}

/**
 * Sends an ACK if one is owed.
 * @kernel net/ipv4/tcp_input.c:5443 (v5.10)
 */
function tcp_ack_snd_check(sk: sock): void {
	if (!inet_csk_ack_scheduled(sk)) return;
	__tcp_ack_snd_check(sk, true);
}

/**
 * Tells whether a reset carries the number of the FIN before it.
 * @kernel net/ipv4/tcp_input.c:5561 (v5.10)
 */
function tcp_reset_check(sk: sock, skb: sk_buff): boolean {
	const tp = tcp_sk(sk);

	return (
		TCP_SKB_CB(skb).seq === (tp.rcv_nxt - 1) >>> 0 &&
		((1 << sk.sk_state) & (TCPF_CLOSE_WAIT | TCPF_LAST_ACK | TCPF_CLOSING)) !== 0
	);
}

/**
 * Checks timestamp, numbers, RST and SYN of a segment; one that is not good is dropped.
 * @param syn_inerr a SYN counts as an error
 * @kernel net/ipv4/tcp_input.c:5573 (v5.10)
 */
function tcp_validate_incoming(
	sk: sock,
	skb: sk_buff,
	flags: number,
	syn_inerr: boolean,
): boolean {
	const tp = tcp_sk(sk);
	const net = sk.sk_net;
	const cb = TCP_SKB_CB(skb);

	discard: {
		syn_challenge: {
			if (
				tcp_fast_parse_options(net, skb, tp) &&
				tp.rx_opt.saw_tstamp &&
				tcp_paws_discard(sk, skb)
			) {
				if ((flags & TCPHDR_RST) === 0) {
					NET_INC_STATS(net, LINUX_MIB_PAWSESTABREJECTED);
					if (!tcp_oow_rate_limited(net, skb, LINUX_MIB_TCPACKSKIPPEDPAWS, tp))
						tcp_send_dupack(sk, skb);
					break discard;
				}
			}

			if (!tcp_sequence(tp, cb.seq, cb.end_seq)) {
				if ((flags & TCPHDR_RST) === 0) {
					if ((flags & TCPHDR_SYN) !== 0) break syn_challenge;
					if (!tcp_oow_rate_limited(net, skb, LINUX_MIB_TCPACKSKIPPEDSEQ, tp))
						tcp_send_dupack(sk, skb);
				} else if (tcp_reset_check(sk, skb)) {
					tcp_reset(sk);
				}
				break discard;
			}

			if ((flags & TCPHDR_RST) !== 0) {
				/* Only with exactly the next number, or that behind the last SACKed one. */
				let rst_seq_match = false;

				if (cb.seq === tp.rcv_nxt || tcp_reset_check(sk, skb)) {
					rst_seq_match = true;
				} else if (tcp_is_sack(tp) && tp.rx_opt.num_sacks > 0) {
					const sp = tp.selective_acks;
					let max_sack = sp[0].end_seq;

					for (let this_sack = 1; this_sack < tp.rx_opt.num_sacks; ++this_sack)
						if (after(sp[this_sack].end_seq, max_sack))
							max_sack = sp[this_sack].end_seq;

					if (cb.seq === max_sack) rst_seq_match = true;
				}

				if (rst_seq_match) tcp_reset(sk);
				else tcp_send_challenge_ack(sk, skb);
				break discard;
			}

			if ((flags & TCPHDR_SYN) !== 0) break syn_challenge;

			return true;
		}
		if (syn_inerr) TCP_INC_STATS(net, TCP_MIB_INERRS);
		NET_INC_STATS(net, LINUX_MIB_TCPSYNCHALLENGE);
		tcp_send_challenge_ack(sk, skb);
	}
	tcp_drop(sk, skb);
	return false;
}

/**
 * Receives a segment of an established connection.
 * @kernel net/ipv4/tcp_input.c:5706 (v5.10)
 */
export function tcp_rcv_established(sk: sock, skb: sk_buff): void {
	const tp = tcp_sk(sk);
	const cb = TCP_SKB_CB(skb);
	const flags = tcp_hdr_flags(skb);
	const len = skb.len;

	tcp_mstamp_refresh(tp);
	if (sk.sk_rx_dst === null) tp.icsk_af_ops!.sk_rx_dst_set!(sk, skb);

	tp.rx_opt.saw_tstamp = false;

	/* Header prediction: a segment that is just the next one, with nothing out of the ordinary. */
	discard: {
		csum_error: {
			step5: {
				slow_path: {
					if (
						(tcp_flag_word(skb) & TCP_HP_BITS) >>> 0 !== tp.pred_flags ||
						cb.seq !== tp.rcv_nxt ||
						after(cb.ack_seq, tp.snd_nxt)
					)
						break slow_path;

					const { tcp_header_len } = tp;

					if (tcp_header_len === TCPHDR_LEN + TCPOLEN_TSTAMP_ALIGNED) {
						if (!tcp_parse_aligned_timestamp(tp, skb)) break slow_path;

						if (((tp.rx_opt.rcv_tsval - tp.rx_opt.ts_recent) | 0) < 0) break slow_path;
					}

					if (len <= tcp_header_len) {
						if (len !== tcp_header_len) {
							TCP_INC_STATS(sk.sk_net, TCP_MIB_INERRS);
							break discard;
						}

						if (
							tcp_header_len === TCPHDR_LEN + TCPOLEN_TSTAMP_ALIGNED &&
							tp.rcv_nxt === tp.rcv_wup
						)
							tcp_store_ts_recent(tp);

						tcp_ack(sk, skb, 0);
						__kfree_skb(skb);
						tcp_data_snd_check(sk);
						tp.rcv_rtt_last_tsecr = tp.rx_opt.rcv_tsecr;
						return;
					}

					if (tcp_checksum_complete(skb)) break csum_error;

					if (skb.truesize > sk.sk_forward_alloc) break step5;

					if (
						tcp_header_len === TCPHDR_LEN + TCPOLEN_TSTAMP_ALIGNED &&
						tp.rcv_nxt === tp.rcv_wup
					)
						tcp_store_ts_recent(tp);

					tcp_rcv_rtt_measure_ts(sk, skb);

					NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPHPHITS);

					__skb_pull(skb, tcp_header_len);
					const eaten = tcp_queue_rcv(sk, skb);

					tcp_event_data_recv(sk, skb);

					let ack_owed = true;
					if (cb.ack_seq !== tp.snd_una) {
						tcp_ack(sk, skb, FLAG_DATA);
						tcp_data_snd_check(sk);
						ack_owed = inet_csk_ack_scheduled(sk);
					} else {
						tcp_update_wl(tp, cb.seq);
					}

					if (ack_owed) __tcp_ack_snd_check(sk, false);

					if (eaten) kfree_skb_partial(skb, false);
					tcp_data_ready(sk);
					return;
				}

				if (len < tcp_hdrlen(skb) || tcp_checksum_complete(skb)) break csum_error;

				if ((flags & (TCPHDR_ACK | TCPHDR_RST | TCPHDR_SYN)) === 0) break discard;

				if (!tcp_validate_incoming(sk, skb, flags, true)) return;
			}
			if (tcp_ack(sk, skb, FLAG_SLOWPATH | FLAG_UPDATE_TS_RECENT) < 0) break discard;

			tcp_rcv_rtt_measure_ts(sk, skb);

			tcp_data_queue(sk, skb);

			tcp_data_snd_check(sk);
			tcp_ack_snd_check(sk);
			return;
		}
		TCP_INC_STATS(sk.sk_net, TCP_MIB_CSUMERRORS);
		TCP_INC_STATS(sk.sk_net, TCP_MIB_INERRS);
	}
	tcp_drop(sk, skb);
}

/**
 * Sets a connection up for data.
 * @kernel net/ipv4/tcp_input.c:5886 (v5.10)
 */
export function tcp_init_transfer(sk: sock): void {
	const tp = tcp_sk(sk);

	tcp_mtup_init(sk);
	tp.icsk_af_ops!.rebuild_header(sk);
	tcp_init_metrics(sk);

	/* One segment when the SYN or SYN-ACK had to be sent more than twice. */
	if (tp.total_retrans > 1 && tp.undo_marker !== 0) tp.snd_cwnd = 1;
	else tp.snd_cwnd = tcp_init_cwnd(tp, __sk_dst_get(sk));
	tp.snd_cwnd_stamp = tcp_jiffies32(sk);

	tp.icsk_ca_initialized = false;
	tcp_init_congestion_control(sk);
	tcp_init_buffer_space(sk);
}

/**
 * Our active open is answered.
 * @kernel net/ipv4/tcp_input.c:5914 (v5.10)
 */
export function tcp_finish_connect(sk: sock, skb: sk_buff): void {
	const tp = tcp_sk(sk);

	tcp_set_state(sk, TCP_ESTABLISHED);
	tp.icsk_ack.lrcvtime = tcp_jiffies32(sk);

	tp.icsk_af_ops!.sk_rx_dst_set!(sk, skb);

	tcp_init_transfer(sk);

	tp.lsndtime = tcp_jiffies32(sk);

	if (sock_flag(sk, SOCK_KEEPOPEN)) inet_csk_reset_keepalive_timer(sk, keepalive_time_when(tp));

	if (tp.rx_opt.snd_wscale === 0) __tcp_fast_path_on(tp, tp.snd_wnd);
	else tp.pred_flags = 0;
}

/**
 * The SYN was sent again for nothing when the answer echoes the first one's timestamp.
 * @kernel net/ipv4/tcp_input.c:6019 (v5.10)
 */
function tcp_try_undo_spurious_syn(sk: sock): void {
	const tp = tcp_sk(sk);
	const syn_stamp = tp.retrans_stamp;

	if (
		tp.undo_marker !== 0 &&
		syn_stamp !== 0 &&
		tp.rx_opt.saw_tstamp &&
		syn_stamp === tp.rx_opt.rcv_tsecr
	)
		tp.undo_marker = 0;
}

/**
 * Receives a segment in SYN_SENT.
 * @returns 1: send a reset, 0: the packet is used up, -1: go on with it
 * @kernel net/ipv4/tcp_input.c:6034 (v5.10)
 */
function tcp_rcv_synsent_state_process(sk: sock, skb: sk_buff, flags: number): number {
	const tp = tcp_sk(sk);
	const cb = TCP_SKB_CB(skb);
	const saved_clamp = tp.rx_opt.mss_clamp;

	tcp_parse_options(sk.sk_net, skb, tp.rx_opt, false);
	if (tp.rx_opt.saw_tstamp && tp.rx_opt.rcv_tsecr !== 0)
		tp.rx_opt.rcv_tsecr = (tp.rx_opt.rcv_tsecr - tp.tsoffset) >>> 0;

	discard: {
		discard_and_undo: {
			reset_and_undo: {
				if ((flags & TCPHDR_ACK) !== 0) {
					if (!after(cb.ack_seq, tp.snd_una) || after(cb.ack_seq, tp.snd_nxt)) {
						/* The remains of an old connection; try again soon. */
						if (tp.icsk_retransmits === 0)
							inet_csk_reset_xmit_timer(
								sk,
								ICSK_TIME_RETRANS,
								TCP_TIMEOUT_MIN,
								TCP_RTO_MAX,
							);
						break reset_and_undo;
					}

					if (
						tp.rx_opt.saw_tstamp &&
						tp.rx_opt.rcv_tsecr !== 0 &&
						!between(tp.rx_opt.rcv_tsecr, tp.retrans_stamp, tcp_time_stamp(tp))
					) {
						NET_INC_STATS(sk.sk_net, LINUX_MIB_PAWSACTIVEREJECTED);
						break reset_and_undo;
					}

					if ((flags & TCPHDR_RST) !== 0) {
						tcp_reset(sk);
						break discard;
					}

					if ((flags & TCPHDR_SYN) === 0) break discard_and_undo;

					tcp_ecn_rcv_synack(tp, flags);

					tcp_init_wl(tp, cb.seq);
					tcp_try_undo_spurious_syn(sk);
					tcp_ack(sk, skb, FLAG_SLOWPATH);

					tp.rcv_nxt = (cb.seq + 1) >>> 0;
					tp.rcv_wup = tp.rcv_nxt;

					/* A window in a SYN is never scaled. */
					tp.snd_wnd = tcp_hdr_window(skb);

					if (!tp.rx_opt.wscale_ok) {
						tp.rx_opt.snd_wscale = 0;
						tp.rx_opt.rcv_wscale = 0;
						tp.window_clamp = Math.min(tp.window_clamp, 65535);
					}

					if (tp.rx_opt.saw_tstamp) {
						tp.rx_opt.tstamp_ok = true;
						tp.tcp_header_len = TCPHDR_LEN + TCPOLEN_TSTAMP_ALIGNED;
						tp.advmss -= TCPOLEN_TSTAMP_ALIGNED;
						tcp_store_ts_recent(tp);
					} else {
						tp.tcp_header_len = TCPHDR_LEN;
					}

					tcp_sync_mss(sk, tp.icsk_pmtu_cookie);
					tcp_initialize_rcv_mss(sk);

					tp.copied_seq = tp.rcv_nxt;

					tcp_finish_connect(sk, skb);

					if (!sock_flag(sk, SOCK_DEAD)) sk.sk_state_change(sk);
					if (
						sk.sk_write_pending !== 0 ||
						tp.icsk_accept_queue.rskq_defer_accept !== 0 ||
						inet_csk_in_pingpong_mode(sk)
					) {
						/* The ACK rides on the data that is about to come. */
						inet_csk_schedule_ack(sk);
						tcp_enter_quickack_mode(sk, TCP_MAX_QUICKACKS);
						inet_csk_reset_xmit_timer(
							sk,
							ICSK_TIME_DACK,
							TCP_DELACK_MAX,
							TCP_RTO_MAX,
						);
						break discard;
					}
					tcp_send_ack(sk);
					return -1;
				}

				if ((flags & TCPHDR_RST) !== 0) break discard_and_undo;

				if (
					tp.rx_opt.ts_recent_stamp !== 0 &&
					tp.rx_opt.saw_tstamp &&
					tcp_paws_reject(sk.machine, tp.rx_opt, false)
				)
					break discard_and_undo;

				if ((flags & TCPHDR_SYN) === 0) break discard_and_undo;

				/* Both sides connect at the same time. */
				tcp_set_state(sk, TCP_SYN_RECV);

				if (tp.rx_opt.saw_tstamp) {
					tp.rx_opt.tstamp_ok = true;
					tcp_store_ts_recent(tp);
					tp.tcp_header_len = TCPHDR_LEN + TCPOLEN_TSTAMP_ALIGNED;
				} else {
					tp.tcp_header_len = TCPHDR_LEN;
				}

				tp.rcv_nxt = (cb.seq + 1) >>> 0;
				tp.copied_seq = tp.rcv_nxt;
				tp.rcv_wup = tp.rcv_nxt;

				tp.snd_wnd = tcp_hdr_window(skb);
				tp.snd_wl1 = cb.seq;
				tp.max_window = tp.snd_wnd;

				tcp_ecn_rcv_syn(tp, flags);

				tcp_mtup_init(sk);
				tcp_sync_mss(sk, tp.icsk_pmtu_cookie);
				tcp_initialize_rcv_mss(sk);

				tcp_send_synack(sk);
				break discard;
			}
			tcp_clear_options(tp.rx_opt);
			tp.rx_opt.mss_clamp = saved_clamp;
			return 1;
		}
		tcp_clear_options(tp.rx_opt);
		tp.rx_opt.mss_clamp = saved_clamp;
	}
	tcp_drop(sk, skb);
	return 0;
}

/**
 * Receives a segment in all states but ESTABLISHED and TIME_WAIT.
 * @returns nonzero when the caller is to send a reset and to free the packet
 * @kernel net/ipv4/tcp_input.c:6305 (v5.10)
 */
export function tcp_rcv_state_process(sk: sock, skb: sk_buff): number {
	const m = sk.machine;
	const tp = tcp_sk(sk);
	const cb = TCP_SKB_CB(skb);
	const flags = tcp_hdr_flags(skb);
	const fin = flags & TCPHDR_FIN;
	let queued = 0;

	discard: {
		switch (sk.sk_state) {
			case TCP_CLOSE:
				break discard;

			case TCP_LISTEN:
				if ((flags & TCPHDR_ACK) !== 0) return 1;

				if ((flags & TCPHDR_RST) !== 0) break discard;

				if ((flags & TCPHDR_SYN) !== 0) {
					if (fin !== 0) break discard;
					m.local_bh_disable();
					const acceptable = tp.icsk_af_ops!.conn_request(sk, skb) >= 0;
					m.local_bh_enable();

					if (!acceptable) return 1;
					consume_skb(skb);
					return 0;
				}
				break discard;

			case TCP_SYN_SENT:
				tp.rx_opt.saw_tstamp = false;
				tcp_mstamp_refresh(tp);
				queued = tcp_rcv_synsent_state_process(sk, skb, flags);
				if (queued >= 0) return queued;

				__kfree_skb(skb);
				tcp_data_snd_check(sk);
				return 0;
		}

		tcp_mstamp_refresh(tp);
		tp.rx_opt.saw_tstamp = false;

		if ((flags & (TCPHDR_ACK | TCPHDR_RST | TCPHDR_SYN)) === 0) break discard;

		if (!tcp_validate_incoming(sk, skb, flags, false)) return 0;

		if (
			tcp_ack(sk, skb, FLAG_SLOWPATH | FLAG_UPDATE_TS_RECENT | FLAG_NO_CHALLENGE_ACK) <=
			0
		) {
			if (sk.sk_state === TCP_SYN_RECV) return 1;
			tcp_send_challenge_ack(sk, skb);
			break discard;
		}
		switch (sk.sk_state) {
			case TCP_SYN_RECV:
				/* tcp_ack() does not see the SYN-ACK arrive. */
				tp.delivered++;
				if (tp.srtt_us === 0) tcp_synack_rtt_meas(sk, null);

				tcp_try_undo_spurious_syn(sk);
				tp.retrans_stamp = 0;
				tcp_init_transfer(sk);
				tp.copied_seq = tp.rcv_nxt;
				tcp_set_state(sk, TCP_ESTABLISHED);
				sk.sk_state_change(sk);

				tp.snd_una = cb.ack_seq;
				tp.snd_wnd = tcp_hdr_window(skb) << tp.rx_opt.snd_wscale;
				tcp_init_wl(tp, cb.seq);

				if (tp.rx_opt.tstamp_ok) tp.advmss -= TCPOLEN_TSTAMP_ALIGNED;

				if (tp.icsk_ca_ops!.cong_control === undefined) tcp_update_pacing_rate(sk);

				tp.lsndtime = tcp_jiffies32(sk);

				tcp_initialize_rcv_mss(sk);
				tcp_fast_path_on(tp);
				break;

			case TCP_FIN_WAIT1: {
				if (tp.snd_una !== tp.write_seq) break;

				tcp_set_state(sk, TCP_FIN_WAIT2);
				sk.sk_shutdown |= SEND_SHUTDOWN;

				sk_dst_confirm(sk);

				if (!sock_flag(sk, SOCK_DEAD)) {
					sk.sk_state_change(sk);
					break;
				}

				if (tp.linger2 < 0) {
					tcp_done(sk);
					NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPABORTONDATA);
					return 1;
				}
				if (
					cb.end_seq !== cb.seq &&
					after((cb.end_seq - fin) >>> 0, tp.rcv_nxt)
				) {
					/* Data that nobody will read. */
					tcp_done(sk);
					NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPABORTONDATA);
					return 1;
				}

				const tmo = tcp_fin_time(sk);
				if (tmo > TCP_TIMEWAIT_LEN) {
					inet_csk_reset_keepalive_timer(sk, tmo - TCP_TIMEWAIT_LEN);
				} else if (fin !== 0 || sock_owned_by_user(sk)) {
					inet_csk_reset_keepalive_timer(sk, tmo);
				} else {
					tcp_time_wait(sk, TCP_FIN_WAIT2, tmo);
					break discard;
				}
				break;
			}

			case TCP_CLOSING:
				if (tp.snd_una === tp.write_seq) {
					tcp_time_wait(sk, TCP_TIME_WAIT, 0);
					break discard;
				}
				break;

			case TCP_LAST_ACK:
				if (tp.snd_una === tp.write_seq) {
					tcp_update_metrics(sk);
					tcp_done(sk);
					break discard;
				}
				break;
		}

		const state: number = sk.sk_state;
		const half_closed =
			state === TCP_CLOSE_WAIT || state === TCP_CLOSING || state === TCP_LAST_ACK;

		if (!half_closed || before(cb.seq, tp.rcv_nxt)) {
			if (half_closed || state === TCP_FIN_WAIT1 || state === TCP_FIN_WAIT2) {
				/* Data that nobody will read is answered with a reset (RFC 1122). */
				if (
					(sk.sk_shutdown & RCV_SHUTDOWN) !== 0 &&
					cb.end_seq !== cb.seq &&
					after((cb.end_seq - fin) >>> 0, tp.rcv_nxt)
				) {
					NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPABORTONDATA);
					tcp_reset(sk);
					return 1;
				}
			}
			if (
				half_closed ||
				state === TCP_FIN_WAIT1 ||
				state === TCP_FIN_WAIT2 ||
				state === TCP_ESTABLISHED
			) {
				tcp_data_queue(sk, skb);
				queued = 1;
			}
		}

		/* tcp_data_queue() may have moved it to TIME_WAIT. */
		if (sk.sk_state !== TCP_CLOSE) {
			tcp_data_snd_check(sk);
			tcp_ack_snd_check(sk);
		}

		if (queued !== 0) return 0;
	}
	tcp_drop(sk, skb);
	return 0;
}

/**
 * Notes whether a request may use ECN.
 * @kernel net/ipv4/tcp_input.c:6581 (v5.10)
 */
function tcp_ecn_create_request(
	req: request_sock,
	skb: sk_buff,
	listen_sk: sock,
	dst: dst_entry,
): void {
	const flags = tcp_hdr_flags(skb);

	if ((flags & (TCPHDR_ECE | TCPHDR_CWR)) !== (TCPHDR_ECE | TCPHDR_CWR)) return;

	const ect = !INET_ECN_is_not_ect(TCP_SKB_CB(skb).ip_dsfield);
	const res1 = skb.head[skb.transport_header + TCPHDR_doff] & 0x0f;
	const ecn_ok_dst = dst_feature(dst, DST_FEATURE_ECN_MASK);
	const ecn_ok = listen_sk.sk_net.ipv4.sysctl_tcp_ecn !== 0 || ecn_ok_dst !== 0;

	if (
		((!ect || res1 !== 0) && ecn_ok) ||
		tcp_ca_needs_ecn(listen_sk) ||
		(ecn_ok_dst & DST_FEATURE_ECN_CA) !== 0
	)
		inet_rsk(req).ecn_ok = true;
}

/**
 * Fills a request from the options of its SYN.
 * @kernel net/ipv4/tcp_input.c:6605 (v5.10)
 */
function tcp_openreq_init(
	req: request_sock,
	rx_opt: tcp_options_received,
	skb: sk_buff,
	sk: sock,
): void {
	const ireq = inet_rsk(req);
	const trsk = tcp_rsk(req);
	const th = skb.transport_header;

	req.rsk_rcv_wnd = 0;
	trsk.rcv_isn = TCP_SKB_CB(skb).seq;
	trsk.rcv_nxt = (TCP_SKB_CB(skb).seq + 1) >>> 0;
	trsk.snt_synack = 0;
	trsk.last_oow_ack_time = 0;
	req.mss = rx_opt.mss_clamp;
	req.ts_recent = rx_opt.saw_tstamp ? rx_opt.rcv_tsval : 0;
	ireq.tstamp_ok = rx_opt.tstamp_ok;
	ireq.sack_ok = rx_opt.sack_ok !== 0;
	ireq.snd_wscale = rx_opt.snd_wscale;
	ireq.wscale_ok = rx_opt.wscale_ok;
	ireq.acked = false;
	ireq.ecn_ok = false;
	ireq.ir_rmt_port = get_unaligned_be16(skb.head, th + TCPHDR_source);
	ireq.ir_num = get_unaligned_be16(skb.head, th + TCPHDR_dest);
	ireq.ir_mark = inet_request_mark(sk, skb);
}

/**
 * Makes a request of the Internet families; it holds its listener when attach_listener is set.
 * @kernel net/ipv4/tcp_input.c:6632 (v5.10)
 */
export function inet_reqsk_alloc(
	ops: request_sock_ops,
	sk_listener: sock,
	attach_listener: boolean,
): request_sock {
	const req = reqsk_alloc(ops, sk_listener, attach_listener);
	const ireq = inet_rsk(req);

	ireq.ireq_opt = null;
	ireq.pktopts = null;
	ireq.sk_cookie = 0;
	ireq.sk_state = TCP_NEW_SYN_RECV;
	ireq.sk_net = sk_listener.sk_net;
	ireq.sk_family = sk_listener.sk_family;

	return req;
}

/**
 * Notes in the log that a listener has too many requests.
 * @kernel net/ipv4/tcp_input.c:6659 (v5.10)
 */
function tcp_syn_flood_action(sk: sock, proto: string): boolean {
	const queue = inet_csk(sk).icsk_accept_queue;

	NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPREQQFULLDROP);

	if (queue.synflood_warned === 0) {
		queue.synflood_warned = 1;
		sk.machine.printk(
			`${proto}: Possible SYN flooding on port ${sk.sk_num}. Dropping request.  Check SNMP counters.`,
		);
	}
	return false;
}

/**
 * VRF or device that a connection from this packet is bound to.
 * @kernel PORT: inline of include/net/inet_sock.h:117 inet_request_bound_dev_if, over include/net/l3mdev.ts
 */
function inet_request_bound_dev_if(sk: sock, skb: sk_buff): number {
	const bound_dev_if = sk.sk_bound_dev_if;
	const net = sk.sk_net;

	if (bound_dev_if === 0 && net.ipv4.sysctl_tcp_l3mdev_accept !== 0)
		return l3mdev_master_ifindex_by_index(net, skb.skb_iif);
	return bound_dev_if;
}

/**
 * Chooses window and scale for the SYN-ACK of a request.
 * @kernel PORT: net/ipv4/tcp_minisocks.c:361, below its users here
 */
function tcp_openreq_init_rwin(req: request_sock, sk_listener: sock, dst: dst_entry): void {
	const ireq = inet_rsk(req);
	const tp = tcp_sk(sk_listener);
	const full_space = tcp_full_space(sk_listener);
	const mss = tcp_mss_clamp(tp, dst_metric_advmss(dst));
	const w = new initial_window();

	w.window_clamp = tp.window_clamp || dst_metric(dst, RTAX_WINDOW);

	if (
		(sk_listener.sk_userlocks & SOCK_RCVBUF_LOCK) !== 0 &&
		(w.window_clamp > full_space || w.window_clamp === 0)
	)
		w.window_clamp = full_space;

	tcp_select_initial_window(
		sk_listener,
		full_space,
		mss - (ireq.tstamp_ok ? TCPOLEN_TSTAMP_ALIGNED : 0),
		w,
		ireq.wscale_ok,
		dst_metric(dst, RTAX_INITRWND),
	);
	req.rsk_window_clamp = w.window_clamp;
	req.rsk_rcv_wnd = w.rcv_wnd;
	ireq.rcv_wscale = w.rcv_wscale;
}

/**
 * Makes a request of a SYN to a listener and answers it.
 * @returns 0
 * @kernel net/ipv4/tcp_input.c:6745 (v5.10)
 */
export function tcp_conn_request(
	rsk_ops: request_sock_ops,
	af_ops: tcp_request_sock_ops,
	sk: sock,
	skb: sk_buff,
): number {
	let isn = TCP_SKB_CB(skb).tcp_tw_isn;
	const tp = tcp_sk(sk);
	const net = sk.sk_net;
	const { ipv4 } = net;

	drop: {
		if (inet_csk_reqsk_queue_is_full(sk) && isn === 0) {
			tcp_syn_flood_action(sk, rsk_ops.family === AF_INET ? 'TCP' : 'TCPv6');
			break drop;
		}

		if (sk_acceptq_is_full(sk)) {
			NET_INC_STATS(net, LINUX_MIB_LISTENOVERFLOWS);
			break drop;
		}

		const req = inet_reqsk_alloc(rsk_ops, sk, true);
		const trsk = tcp_rsk(req);

		trsk.af_specific = af_ops;
		trsk.ts_off = 0;

		const tmp_opt = new tcp_options_received();
		tmp_opt.mss_clamp = af_ops.mss_clamp;
		tmp_opt.user_mss = tp.rx_opt.user_mss;
		tcp_parse_options(net, skb, tmp_opt, false);

		tmp_opt.tstamp_ok = tmp_opt.saw_tstamp;
		tcp_openreq_init(req, tmp_opt, skb, sk);
		inet_rsk(req).no_srccheck = inet_sk(sk).transparent;

		inet_rsk(req).ir_iif = inet_request_bound_dev_if(sk, skb);

		af_ops.init_req(req, sk, skb);

		if (tmp_opt.tstamp_ok) trsk.ts_off = af_ops.init_ts_off(net, skb);

		const fl = af_ops.new_flow();
		const dst = af_ops.route_req(sk, fl, req);
		if (dst === null) {
			__reqsk_free(req);
			break drop;
		}

		if (isn === 0) {
			/* The last quarter is for peers that are known. */
			if (
				ipv4.sysctl_tcp_syncookies === 0 &&
				ipv4.sysctl_max_syn_backlog - inet_csk_reqsk_queue_len(sk) <
					ipv4.sysctl_max_syn_backlog >> 2 &&
				!tcp_peer_is_proven(req, dst)
			) {
				dst_release(dst);
				__reqsk_free(req);
				break drop;
			}

			isn = af_ops.init_seq(skb);
		}

		tcp_ecn_create_request(req, skb, sk, dst);

		trsk.snt_isn = isn;
		trsk.txhash = prandom_u32(sk.machine) || 1;
		trsk.syn_tos = TCP_SKB_CB(skb).ip_dsfield;
		tcp_openreq_init_rwin(req, sk, dst);
		inet_csk_reqsk_queue_hash_add(sk, req, TCP_TIMEOUT_INIT);
		af_ops.send_synack(sk, dst, fl, req, TCP_SYNACK_NORMAL, skb);
		reqsk_put(req);
		return 0;
	}
	tcp_listendrop(sk);
	return 0;
}
