/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/linux/tcp.h, base v5.10: the TCP socket and its relatives.
 *
 * PORT: the retransmit queue and the out-of-order queue, red-black trees in C, are lists in sequence order;
 * the queue of segments in order of (re)transmission links through their tcp_skb_cb. Jiffies and millisecond
 * stamps are plain numbers that do not wrap; sequence numbers and TCP timestamps are u32.
 * Not ported: fast open, repair, MD5, MPTCP, SMC, saved SYN, BPF; urgent data (MSG_OOB): an URG flag of a
 * peer is ignored as the payload itself is in-line.
 */
import { U32_ZERO } from './types.ts';
import { inet_connection_sock } from '../net/inet_connection_sock.ts';
import { inet_timewait_sock } from '../net/inet_timewait_sock.ts';
import type { sock, sock_common } from '../net/sock.ts';
import { inet_request_sock, type request_sock } from '../net/request_sock.ts';
import type { tcp_request_sock_ops } from '../net/tcp.ts';
import { sk_buff_head, type sk_buff } from './skbuff.ts';
import type { hrtimer } from './timer.ts';
import { minmax } from './win_minmax.ts';
import { TCPHDR_doff } from '../uapi/linux/tcp.ts';

/**
 * Length of a packet's TCP header, bytes; the transport header is set.
 * @kernel include/linux/tcp.h:34 (v5.10)
 */
export function tcp_hdrlen(skb: sk_buff): number {
	return (skb.head[skb.transport_header + TCPHDR_doff] >> 4) * 4;
}

/**
 * Length of a packet's TCP options, bytes.
 * @kernel include/linux/tcp.h:49 (v5.10)
 */
export function tcp_optlen(skb: sk_buff): number {
	return tcp_hdrlen(skb) - 20;
}

/** A span of sequence numbers that arrived. */
export class tcp_sack_block {
	start_seq = U32_ZERO;
	end_seq = U32_ZERO;

	/** Takes over another block. */
	copy_from(b: tcp_sack_block): void {
		this.start_seq = b.start_seq;
		this.end_seq = b.end_seq;
	}
}

/* sack_ok */
export const TCP_SACK_SEEN = 1 << 0;
export const TCP_DSACK_SEEN = 1 << 2;

/** Options of the last segment, and those agreed on at the handshake. */
export class tcp_options_received {
	/** Seconds since boot at which ts_recent was stored. */
	ts_recent_stamp = U32_ZERO;
	ts_recent = U32_ZERO;
	rcv_tsval = U32_ZERO;
	rcv_tsecr = U32_ZERO;
	saw_tstamp = false;
	tstamp_ok = false;
	/** A D-SACK block is to be sent. */
	dsack = false;
	wscale_ok = false;
	/** TCP_SACK_SEEN, TCP_DSACK_SEEN. */
	sack_ok = 0;
	/** Shift of windows that the peer sends. */
	snd_wscale = 0;
	/** Shift of windows we send. */
	rcv_wscale = 0;
	num_sacks = 0;
	user_mss = 0;
	mss_clamp = 0;

	/** Takes over other options. */
	copy_from(o: tcp_options_received): void {
		this.ts_recent_stamp = o.ts_recent_stamp;
		this.ts_recent = o.ts_recent;
		this.rcv_tsval = o.rcv_tsval;
		this.rcv_tsecr = o.rcv_tsecr;
		this.saw_tstamp = o.saw_tstamp;
		this.tstamp_ok = o.tstamp_ok;
		this.dsack = o.dsack;
		this.wscale_ok = o.wscale_ok;
		this.sack_ok = o.sack_ok;
		this.snd_wscale = o.snd_wscale;
		this.rcv_wscale = o.rcv_wscale;
		this.num_sacks = o.num_sacks;
		this.user_mss = o.user_mss;
		this.mss_clamp = o.mss_clamp;
	}

	/** Sets all to zero, as the memset() of code that parses into a fresh structure. */
	clear(): void {
		this.ts_recent_stamp = 0;
		this.ts_recent = 0;
		this.rcv_tsval = 0;
		this.rcv_tsecr = 0;
		this.saw_tstamp = false;
		this.tstamp_ok = false;
		this.dsack = false;
		this.wscale_ok = false;
		this.sack_ok = 0;
		this.snd_wscale = 0;
		this.rcv_wscale = 0;
		this.num_sacks = 0;
		this.user_mss = 0;
		this.mss_clamp = 0;
	}
}

/**
 * Forgets what was agreed on at the handshake.
 * @kernel include/linux/tcp.h:102 (v5.10)
 */
export function tcp_clear_options(rx_opt: tcp_options_received): void {
	rx_opt.tstamp_ok = false;
	rx_opt.sack_ok = 0;
	rx_opt.wscale_ok = false;
	rx_opt.snd_wscale = 0;
}

/** SACK blocks kept and sent at most. */
export const TCP_NUM_SACKS = 4;

/** A TCP connection request. */
export class tcp_request_sock extends inet_request_sock {
	af_specific: tcp_request_sock_ops | null = null;
	/** When the first SYN-ACK was sent, us. */
	snt_synack = 0;
	txhash = U32_ZERO;
	rcv_isn = U32_ZERO;
	snt_isn = U32_ZERO;
	ts_off = U32_ZERO;
	/** Jiffies. */
	last_oow_ack_time = 0;
	rcv_nxt = U32_ZERO;
	syn_tos = 0;
}

/**
 * Reads a request as a TCP one.
 * @kernel include/linux/tcp.h:140 (v5.10)
 */
export function tcp_rsk(req: request_sock): tcp_request_sock {
	return req as tcp_request_sock;
}

export const TCP_RACK_RECOVERY_THRESH = 16;

/** The segment that was (S)ACKed last, by time of sending. */
export class tcp_rack {
	/** us */
	mstamp = 0;
	rtt_us = 0;
	end_seq = U32_ZERO;
	last_delivered = 0;
	reo_wnd_steps = 0;
	reo_wnd_persist = 0;
	dsack_seen = false;
	advanced = false;
}

/** Receiver's estimate of the round trip time. */
export class tcp_rcv_rtt_est {
	/** Eight times the estimate, us. */
	rtt_us = 0;
	seq = U32_ZERO;
	time = 0;
}

/** How much the application reads in a round trip. */
export class tcp_rcvq_space {
	space = 0;
	seq = U32_ZERO;
	time = 0;
}

/**
 * Delivery rate sample of an ACK.
 * PORT: struct rate_sample of include/net/tcp.h, here because the socket keeps one.
 */
export class rate_sample {
	prior_mstamp = 0;
	prior_delivered = 0;
	delivered = 0;
	interval_us = 0;
	snd_interval_us = 0;
	rcv_interval_us = 0;
	rtt_us = 0;
	losses = 0;
	acked_sacked = 0;
	prior_in_flight = 0;
	is_app_limited = false;
	is_retrans = false;
	is_ack_delayed = false;

	/** Sets all to zero. */
	clear(): void {
		this.prior_mstamp = 0;
		this.prior_delivered = 0;
		this.delivered = 0;
		this.interval_us = 0;
		this.snd_interval_us = 0;
		this.rcv_interval_us = 0;
		this.rtt_us = 0;
		this.losses = 0;
		this.acked_sacked = 0;
		this.prior_in_flight = 0;
		this.is_app_limited = false;
		this.is_retrans = false;
		this.is_ack_delayed = false;
	}
}

/**
 * What is found out while an ACK is worked on.
 * PORT: struct tcp_sacktag_state of net/ipv4/tcp_input.c and what else tcp_ack() has on its stack; kept by the
 * socket so that no ACK makes objects. ACKs of one socket are not nested.
 */
export class tcp_sacktag_state {
	/** Times of sending of the first and last segment that was SACKed and never sent again, us. */
	first_sackt = 0;
	last_sackt = 0;
	reord = 0;
	sack_delivered = 0;
	/** FLAG_* bits found by SACK. */
	flag = 0;
	mss_now = 0;
	readonly rate = new rate_sample();
	/** FLAG_* bits of the ACK. */
	ack_flag = 0;
	/** REXMIT_*: what to send again afterwards. */
	rexmit = 0;
	readonly sp = [
		new tcp_sack_block(),
		new tcp_sack_block(),
		new tcp_sack_block(),
		new tcp_sack_block(),
	];
}

/** A TCP socket. */
export class tcp_sock extends inet_connection_sock {
	/** Bytes of header to send, without SACK blocks. */
	tcp_header_len = 0;
	gso_segs = 0;
	/** Third word of the header that a segment of the fast path has. */
	pred_flags = U32_ZERO;

	bytes_received = 0;
	segs_in = 0;
	data_segs_in = 0;
	rcv_nxt = U32_ZERO;
	copied_seq = U32_ZERO;
	rcv_wup = U32_ZERO;
	snd_nxt = U32_ZERO;
	segs_out = 0;
	data_segs_out = 0;
	bytes_sent = 0;
	bytes_acked = 0;
	dsack_dups = 0;
	snd_una = U32_ZERO;
	snd_sml = U32_ZERO;
	/** Jiffies. */
	rcv_tstamp = 0;
	lsndtime = 0;
	last_oow_ack_time = 0;
	compressed_ack_rcv_nxt = 0;

	tsoffset = U32_ZERO;

	/** On the machine's list of sockets whose packets have left the host. */
	tsq_queued = false;
	/** PORT: tsorted_sent_queue; ends of the list through tcp_skb_cb. */
	tsorted_first: sk_buff | null = null;
	tsorted_last: sk_buff | null = null;

	snd_wl1 = U32_ZERO;
	snd_wnd = 0;
	max_window = 0;
	mss_cache = 0;

	window_clamp = 0;
	rcv_ssthresh = 0;

	rack = new tcp_rack();
	advmss = 0;
	compressed_ack = 0;
	dup_ack_counter = 0;
	tlp_retrans = false;
	/** Jiffies. */
	chrono_start = 0;
	/** Jiffies spent in TCP_CHRONO_BUSY, _RWND_LIMITED, _SNDBUF_LIMITED. */
	chrono_stat = [0, 0, 0];
	chrono_type = 0;
	rate_app_limited = false;
	is_sack_reneg = false;
	/** TCP_NAGLE_* bits. */
	nonagle = 0;
	thin_lto = false;
	recvmsg_inq = false;
	frto = false;
	is_cwnd_limited = false;
	tlp_high_seq = U32_ZERO;

	/** Virtual ns. */
	tcp_wstamp_ns = U32_ZERO;
	tcp_clock_cache = U32_ZERO;

	/** us */
	tcp_mstamp = 0;
	/** Eight times the smoothed round trip time, us. */
	srtt_us = 0;
	mdev_us = 0;
	mdev_max_us = 0;
	rttvar_us = 0;
	rtt_seq = U32_ZERO;
	rtt_min = new minmax();

	packets_out = 0;
	retrans_out = 0;
	max_packets_out = 0;
	max_packets_seq = U32_ZERO;

	/** TCP_ECN_* bits. */
	ecn_flags = 0;
	keepalive_probes = 0;
	reordering = 0;
	reord_seen = 0;

	rx_opt = new tcp_options_received();

	snd_ssthresh = 0;
	snd_cwnd = 0;
	snd_cwnd_cnt = 0;
	snd_cwnd_clamp = U32_ZERO;
	snd_cwnd_used = 0;
	snd_cwnd_stamp = 0;
	prior_cwnd = 0;
	prr_delivered = 0;
	prr_out = 0;
	delivered = 0;
	delivered_ce = 0;
	lost = 0;
	app_limited = U32_ZERO;
	/** us */
	first_tx_mstamp = 0;
	delivered_mstamp = 0;
	rate_delivered = 0;
	rate_interval_us = 0;

	rcv_wnd = 0;
	write_seq = U32_ZERO;
	notsent_lowat = 0;
	pushed_seq = U32_ZERO;
	lost_out = 0;
	sacked_out = 0;

	pacing_timer: hrtimer | null = null;
	compressed_ack_timer: hrtimer | null = null;

	lost_skb_hint: sk_buff | null = null;
	retransmit_skb_hint: sk_buff | null = null;

	/** PORT: sk->tcp_rtx_queue; sent segments in sequence order. */
	tcp_rtx_queue = new sk_buff_head();
	out_of_order_queue = new sk_buff_head();

	duplicate_sack = new tcp_sack_block();
	selective_acks = [
		new tcp_sack_block(),
		new tcp_sack_block(),
		new tcp_sack_block(),
		new tcp_sack_block(),
	];
	recv_sack_cache = [
		new tcp_sack_block(),
		new tcp_sack_block(),
		new tcp_sack_block(),
		new tcp_sack_block(),
	];

	highest_sack: sk_buff | null = null;
	readonly sack_state = new tcp_sacktag_state();

	lost_cnt_hint = 0;

	prior_ssthresh = 0;
	high_seq = U32_ZERO;

	/** TCP timestamp (ms) of the first retransmission. */
	retrans_stamp = U32_ZERO;
	undo_marker = U32_ZERO;
	undo_retrans = 0;
	bytes_retrans = 0;
	total_retrans = 0;

	/** Jiffies; 0 for the namespace's setting. */
	keepalive_time = 0;
	keepalive_intvl = 0;

	linger2 = 0;

	timeout_rehash = 0;

	rcv_ooopack = 0;

	rcv_rtt_last_tsecr = U32_ZERO;
	rcv_rtt_est = new tcp_rcv_rtt_est();
	rcvq_space = new tcp_rcvq_space();

	mtu_probe_seq_start = 0;
	mtu_probe_seq_end = 0;
	/** MTU of an ICMP error that came while the user held the socket. */
	mtu_info = 0;
}

export const TSQ_THROTTLED = 0;
export const TSQ_QUEUED = 1;
export const TCP_TSQ_DEFERRED = 2;
export const TCP_WRITE_TIMER_DEFERRED = 3;
export const TCP_DELACK_TIMER_DEFERRED = 4;
export const TCP_MTU_REDUCED_DEFERRED = 5;

export const TSQF_THROTTLED = 1 << TSQ_THROTTLED;
export const TSQF_QUEUED = 1 << TSQ_QUEUED;
export const TCPF_TSQ_DEFERRED = 1 << TCP_TSQ_DEFERRED;
export const TCPF_WRITE_TIMER_DEFERRED = 1 << TCP_WRITE_TIMER_DEFERRED;
export const TCPF_DELACK_TIMER_DEFERRED = 1 << TCP_DELACK_TIMER_DEFERRED;
export const TCPF_MTU_REDUCED_DEFERRED = 1 << TCP_MTU_REDUCED_DEFERRED;

/**
 * Reads a socket as a TCP one.
 * @kernel include/linux/tcp.h:437 (v5.10)
 */
export function tcp_sk(sk: sock): tcp_sock {
	return sk as tcp_sock;
}

/** TCP part of a TIME_WAIT socket. */
export class tcp_timewait_sock extends inet_timewait_sock {
	tw_rcv_nxt = U32_ZERO;
	tw_snd_nxt = U32_ZERO;
	tw_rcv_wnd = 0;
	tw_ts_offset = U32_ZERO;
	tw_ts_recent = U32_ZERO;
	/** Jiffies; tw_last_oow_ack_time in C. */
	last_oow_ack_time = 0;
	tw_ts_recent_stamp = U32_ZERO;
}

/**
 * Reads a TIME_WAIT socket as TCP's.
 * @kernel include/linux/tcp.h:460 (v5.10)
 */
export function tcp_twsk(sk: sock_common): tcp_timewait_sock {
	return sk as tcp_timewait_sock;
}

/**
 * The smaller of an MSS and the user's limit.
 * @param mss bytes
 * @kernel include/linux/tcp.h:501 (v5.10)
 */
export function tcp_mss_clamp(tp: tcp_sock, mss: number): number {
	const user_mss = tp.rx_opt.user_mss;

	return user_mss !== 0 && user_mss < mss ? user_mss : mss;
}
