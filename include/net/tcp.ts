/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/tcp.h, base v5.10: constants and inline helpers of TCP.
 *
 * PORT: sequence numbers are u32 in numbers (always `>>> 0` when stored). IPCB and TCP_SKB_CB do not share
 * memory, so header.h4 and header.h6 are skb.ipcb and skb.ip6cb. Inlines that need a .c file live there:
 * tcp_reset_xmit_timer() and tcp_check_probe_timer() in net/ipv4/inet_connection_sock.ts, the queue helpers
 * and tcp_clear_xmit_timers() in net/ipv4/tcp_lib.ts, tcp_checksum_complete() in net/ipv4/tcp_lib.ts.
 * Not ported: syncookies, fast open, MD5, ULP and TLS, MPTCP, SMC, BPF, zero copy, splice, urgent data,
 * transmit delay: no tool of this world reaches them.
 */
import { U32_ZERO } from '../linux/types.ts';
import type { tcp_sock } from '../linux/tcp.ts';
import {
	rate_sample,
	tcp_hdrlen,
	tcp_sk,
	type tcp_options_received,
} from '../linux/tcp.ts';
import {
	HZ,
	NSEC_PER_USEC,
	NSEC_PER_MSEC,
	USEC_PER_SEC,
	type Machine,
} from '../linux/machine.ts';
import { skb_shinfo, type sk_buff } from '../linux/skbuff.ts';
import { minmax_get } from '../linux/win_minmax.ts';
import { dst_metric_locked, dst_metric_raw, RTAX_CC_ALGO, RTAX_RTO_MIN } from './dst.ts';
import type { dst_entry } from './dst.ts';
import type { net } from './net_namespace.ts';
import { NET_INC_STATS, TCP_ADD_STATS } from './snmp.ts';
import { SK_PACING_NEEDED, sock_flag, sock_net, SOCK_DONE, type sock } from './sock.ts';
import { inet_csk } from './inet_connection_sock.ts';
import type { request_sock } from './request_sock.ts';
import { TCPF_SYN_RECV, TCPF_SYN_SENT } from './tcp_states.ts';
import {
	LINUX_MIB_LISTENDROPS,
	TCP_MIB_MAXCONN,
	TCP_MIB_RTOALGORITHM,
	TCP_MIB_RTOMAX,
	TCP_MIB_RTOMIN,
} from '../uapi/linux/snmp.ts';
import {
	TCP_FLAG_ACK,
	TCP_MSS_DEFAULT,
	TCPF_CA_CWR,
	TCPF_CA_Recovery,
} from '../uapi/linux/tcp.ts';
import type { flowi } from './flow.ts';

export { rate_sample };

/** Room kept for the headers below the payload, bytes. */
export const MAX_TCP_HEADER = 320;
export const MAX_TCP_OPTION_SPACE = 40;
export const TCP_MIN_SND_MSS = 48;
export const TCP_MIN_GSO_SIZE = TCP_MIN_SND_MSS - MAX_TCP_OPTION_SPACE;

export const MAX_TCP_WINDOW = 32767;
export const TCP_MIN_MSS = 88;
export const TCP_BASE_MSS = 1024;
export const TCP_PROBE_INTERVAL = 600;
export const TCP_PROBE_THRESHOLD = 8;
export const TCP_FASTRETRANS_THRESH = 3;
export const TCP_MAX_QUICKACKS = 16;
export const TCP_MAX_WSCALE = 14;

export const TCP_RETR1 = 3;
export const TCP_RETR2 = 15;
export const TCP_SYN_RETRIES = 6;
export const TCP_SYNACK_RETRIES = 5;

export const TCP_TIMEWAIT_LEN = 60 * HZ;
export const TCP_FIN_TIMEOUT = TCP_TIMEWAIT_LEN;
export const TCP_FIN_TIMEOUT_MAX = 120 * HZ;

export const TCP_DELACK_MAX = HZ / 5;
export const TCP_DELACK_MIN = HZ / 25;
export const TCP_ATO_MIN = HZ / 25;
export const TCP_RTO_MAX = 120 * HZ;
export const TCP_RTO_MIN = HZ / 5;
export const TCP_TIMEOUT_MIN = 2;
export const TCP_TIMEOUT_INIT = 1 * HZ;
export const TCP_TIMEOUT_FALLBACK = 3 * HZ;
export const TCP_RESOURCE_PROBE_INTERVAL = HZ / 2;
export const TCP_KEEPALIVE_TIME = 120 * 60 * HZ;
export const TCP_KEEPALIVE_PROBES = 9;
export const TCP_KEEPALIVE_INTVL = 75 * HZ;

export const MAX_TCP_KEEPIDLE = 32767;
export const MAX_TCP_KEEPINTVL = 32767;
export const MAX_TCP_KEEPCNT = 127;
export const MAX_TCP_SYNCNT = 127;

export const TCP_PAWS_24DAYS = 60 * 60 * 24 * 24;
export const TCP_PAWS_MSL = 60;
export const TCP_PAWS_WINDOW = 1;

export const TCPOPT_NOP = 1;
export const TCPOPT_EOL = 0;
export const TCPOPT_MSS = 2;
export const TCPOPT_WINDOW = 3;
export const TCPOPT_SACK_PERM = 4;
export const TCPOPT_SACK = 5;
export const TCPOPT_TIMESTAMP = 8;

export const TCPOLEN_MSS = 4;
export const TCPOLEN_WINDOW = 3;
export const TCPOLEN_SACK_PERM = 2;
export const TCPOLEN_TIMESTAMP = 10;
export const TCPOLEN_TSTAMP_ALIGNED = 12;
export const TCPOLEN_WSCALE_ALIGNED = 4;
export const TCPOLEN_SACKPERM_ALIGNED = 4;
export const TCPOLEN_SACK_BASE = 2;
export const TCPOLEN_SACK_BASE_ALIGNED = 4;
export const TCPOLEN_SACK_PERBLOCK = 8;
export const TCPOLEN_MSS_ALIGNED = 4;

/* tp->nonagle */
export const TCP_NAGLE_OFF = 1;
export const TCP_NAGLE_CORK = 2;
export const TCP_NAGLE_PUSH = 4;

export const TCP_THIN_LINEAR_RETRIES = 6;
export const TCP_INIT_CWND = 10;

export const TCP_RACK_LOSS_DETECTION = 0x1;
export const TCP_RACK_STATIC_REO_WND = 0x2;
export const TCP_RACK_NO_DUPTHRESH = 0x4;

/**
 * Tells whether a sequence number comes before another.
 * @kernel include/net/tcp.h:271 (v5.10)
 */
export function before(seq1: number, seq2: number): boolean {
	return ((seq1 - seq2) | 0) < 0;
}

/**
 * Tells whether a sequence number comes after another.
 * @kernel include/net/tcp.h:275 (v5.10)
 */
export function after(seq2: number, seq1: number): boolean {
	return ((seq1 - seq2) | 0) < 0;
}

/**
 * Tells whether a sequence number lies in a closed interval.
 * @kernel include/net/tcp.h:278 (v5.10)
 */
export function between(seq1: number, seq2: number, seq3: number): boolean {
	return (seq3 - seq2) >>> 0 >= (seq1 - seq2) >>> 0;
}

/**
 * Uses up quick ACKs.
 * @param pkts ACKs sent
 * @kernel include/net/tcp.h:352 (v5.10)
 */
export function tcp_dec_quickack_mode(sk: sock, pkts: number): void {
	const ack = inet_csk(sk).icsk_ack;

	if (ack.quick !== 0) {
		if (pkts >= ack.quick) {
			ack.quick = 0;
			ack.ato = TCP_ATO_MIN;
		} else {
			ack.quick -= pkts;
		}
	}
}

export const TCP_ECN_OK = 1;
export const TCP_ECN_QUEUE_CWR = 2;
export const TCP_ECN_DEMAND_CWR = 4;
export const TCP_ECN_SEEN = 8;

/* enum tcp_tw_status */
export const TCP_TW_SUCCESS = 0;
export const TCP_TW_RST = 1;
export const TCP_TW_ACK = 2;
export const TCP_TW_SYN = 3;

/* enum tcp_synack_type */
export const TCP_SYNACK_NORMAL = 0;
export const TCP_SYNACK_FASTOPEN = 1;
export const TCP_SYNACK_COOKIE = 2;

/* enum tcp_queue */
export const TCP_FRAG_IN_WRITE_QUEUE = 0;
export const TCP_FRAG_IN_RTX_QUEUE = 1;

/**
 * Bounds a packet by half the largest window the peer ever offered.
 * @param pktsize bytes
 * @kernel include/net/tcp.h:631 (v5.10)
 */
export function tcp_bound_to_half_wnd(tp: tcp_sock, pktsize: number): number {
	const cutoff = tp.max_window > TCP_MSS_DEFAULT ? tp.max_window >>> 1 : tp.max_window;

	if (cutoff !== 0 && pktsize > cutoff) return Math.max(cutoff, 68 - tp.tcp_header_len);
	return pktsize;
}

/**
 * Bounds the retransmission timeout from above.
 * @kernel include/net/tcp.h:666 (v5.10)
 */
export function tcp_bound_rto(sk: sock): void {
	const icsk = inet_csk(sk);

	if (icsk.icsk_rto > TCP_RTO_MAX) icsk.icsk_rto = TCP_RTO_MAX;
}

/**
 * Microseconds to jiffies, rounded up.
 * @kernel PORT: kernel/time/time.c usecs_to_jiffies
 */
export function usecs_to_jiffies(us: number): number {
	return Math.ceil(us / (USEC_PER_SEC / HZ));
}

/**
 * Jiffies to microseconds.
 * @kernel PORT: kernel/time/time.c jiffies_to_usecs
 */
export function jiffies_to_usecs(j: number): number {
	return j * (USEC_PER_SEC / HZ);
}

/**
 * Retransmission timeout that the round trip estimate asks for.
 * @returns jiffies
 * @kernel include/net/tcp.h:672 (v5.10)
 */
export function __tcp_set_rto(tp: tcp_sock): number {
	return usecs_to_jiffies((tp.srtt_us >>> 3) + tp.rttvar_us);
}

/**
 * Lets the fast path take segments with a plain header and this window.
 * @param snd_wnd as in the header, unscaled
 * @kernel include/net/tcp.h:677 (v5.10)
 */
export function __tcp_fast_path_on(tp: tcp_sock, snd_wnd: number): void {
	tp.pred_flags = ((tp.tcp_header_len << 26) | TCP_FLAG_ACK | snd_wnd) >>> 0;
}

/**
 * Lets the fast path take segments with the peer's present window.
 * @kernel include/net/tcp.h:684 (v5.10)
 */
export function tcp_fast_path_on(tp: tcp_sock): void {
	__tcp_fast_path_on(tp, tp.snd_wnd >>> tp.rx_opt.snd_wscale);
}

/**
 * Switches the fast path on when nothing stands against it.
 * @kernel include/net/tcp.h:689 (v5.10)
 */
export function tcp_fast_path_check(sk: sock): void {
	const tp = tcp_sk(sk);

	if (
		tp.out_of_order_queue.qlen === 0 &&
		tp.rcv_wnd !== 0 &&
		sk.sk_rmem_alloc < sk.sk_rcvbuf
	)
		tcp_fast_path_on(tp);
}

/**
 * Least retransmission timeout of a socket, jiffies.
 * @kernel include/net/tcp.h:701 (v5.10)
 */
export function tcp_rto_min(sk: sock): number {
	const dst = sk.sk_dst_cache;
	let rto_min = inet_csk(sk).icsk_rto_min;

	if (dst !== null && dst_metric_locked(dst, RTAX_RTO_MIN))
		rto_min = Math.ceil((dst_metric_raw(dst, RTAX_RTO_MIN) * HZ) / 1000);
	return rto_min;
}

/**
 * Least retransmission timeout of a socket, us.
 * @kernel include/net/tcp.h:711 (v5.10)
 */
export function tcp_rto_min_us(sk: sock): number {
	return jiffies_to_usecs(tcp_rto_min(sk));
}

/**
 * Tells whether the route dictates the congestion control.
 * @kernel include/net/tcp.h:716 (v5.10)
 */
export function tcp_ca_dst_locked(dst: dst_entry): boolean {
	return dst_metric_locked(dst, RTAX_CC_ALGO);
}

/**
 * Least round trip time seen lately, us; 0xffffffff when unknown.
 * @kernel include/net/tcp.h:722 (v5.10)
 */
export function tcp_min_rtt(tp: tcp_sock): number {
	return minmax_get(tp.rtt_min);
}

/**
 * Window that the peer may still fill, bytes.
 * @kernel include/net/tcp.h:731 (v5.10)
 */
export function tcp_receive_window(tp: tcp_sock): number {
	const win = (tp.rcv_wup + tp.rcv_wnd - tp.rcv_nxt) | 0;

	return win < 0 ? 0 : win;
}

/**
 * Jiffies of the socket's machine.
 * @kernel PORT: the macro tcp_jiffies32 of include/net/tcp.h, without wrap
 */
export function tcp_jiffies32(sk: sock): number {
	return sk.machine.jiffies;
}

/** Ticks a second of the timestamp option. */
export const TCP_TS_HZ = 1000;

/**
 * Present time, ns.
 * @kernel include/net/tcp.h:761 (v5.10)
 */
export function tcp_clock_ns(m: Machine): number {
	return m.now_ns;
}

/**
 * Present time, us.
 * @kernel include/net/tcp.h:766 (v5.10)
 */
export function tcp_clock_us(m: Machine): number {
	return Math.floor(m.now_ns / NSEC_PER_USEC);
}

/**
 * Timestamp of the last refresh of the socket's clock.
 * @returns u32 milliseconds, before the socket's offset
 * @kernel include/net/tcp.h:772 (v5.10)
 */
export function tcp_time_stamp(tp: tcp_sock): number {
	return Math.floor(tp.tcp_mstamp / (USEC_PER_SEC / TCP_TS_HZ)) >>> 0;
}

/**
 * Nanoseconds to a TCP timestamp.
 * @kernel include/net/tcp.h:778 (v5.10)
 */
export function tcp_ns_to_ts(ns: number): number {
	return Math.floor(ns / NSEC_PER_MSEC) >>> 0;
}

/**
 * TCP timestamp of now.
 * @kernel include/net/tcp.h:784 (v5.10)
 */
export function tcp_time_stamp_raw(m: Machine): number {
	return tcp_ns_to_ts(m.now_ns);
}

/**
 * Time from one stamp to another, not below zero.
 * @param t1 us, later
 * @param t0 us
 * @kernel include/net/tcp.h:791 (v5.10)
 */
export function tcp_stamp_us_delta(t1: number, t0: number): number {
	return t1 > t0 ? t1 - t0 : 0;
}

/**
 * TCP timestamp of a packet's last transmission.
 * @kernel include/net/tcp.h:796 (v5.10)
 */
export function tcp_skb_timestamp(skb: sk_buff): number {
	return tcp_ns_to_ts(skb.tstamp);
}

/**
 * Time of a packet's last transmission, us.
 * @kernel include/net/tcp.h:802 (v5.10)
 */
export function tcp_skb_timestamp_us(skb: sk_buff): number {
	return Math.floor(skb.tstamp / NSEC_PER_USEC);
}

/** TCP's notes on a packet. */
export class tcp_skb_cb {
	seq = U32_ZERO;
	/** Behind payload, SYN and FIN. */
	end_seq = U32_ZERO;
	/** Initial sequence number that TIME_WAIT chose for a new connection; receive side. */
	tcp_tw_isn = 0;
	/** Segments this packet stands for; transmit side. */
	tcp_gso_segs = 0;
	tcp_gso_size = 0;
	/** TCPHDR_* bits. */
	tcp_flags = 0;
	/** TCPCB_* bits. */
	sacked = 0;
	ip_dsfield = 0;
	/** MSG_EOR: nothing may be appended. */
	eor = false;
	has_rxtstamp = false;
	ack_seq = U32_ZERO;

	/* tx */
	in_flight = 0;
	is_app_limited = false;
	delivered = 0;
	/** us */
	first_tx_mstamp = 0;
	delivered_mstamp = 0;

	/** PORT: tcp_tsorted_anchor of the sk_buff. */
	tsorted_next: sk_buff | null = null;
	tsorted_prev: sk_buff | null = null;
	/** In the list of segments by time of transmission. */
	tsorted = false;
	/** PORT: the other half of an fclone pair: the clone last given to the network layer. */
	fclone: sk_buff | null = null;

	/** Takes over what the C structure holds; list links stay as they are. */
	copy_from(cb: tcp_skb_cb): void {
		this.seq = cb.seq;
		this.end_seq = cb.end_seq;
		this.tcp_tw_isn = cb.tcp_tw_isn;
		this.tcp_gso_segs = cb.tcp_gso_segs;
		this.tcp_gso_size = cb.tcp_gso_size;
		this.tcp_flags = cb.tcp_flags;
		this.sacked = cb.sacked;
		this.ip_dsfield = cb.ip_dsfield;
		this.eor = cb.eor;
		this.has_rxtstamp = cb.has_rxtstamp;
		this.ack_seq = cb.ack_seq;
		this.in_flight = cb.in_flight;
		this.is_app_limited = cb.is_app_limited;
		this.delivered = cb.delivered;
		this.first_tx_mstamp = cb.first_tx_mstamp;
		this.delivered_mstamp = cb.delivered_mstamp;
	}

	/** Sets all to zero, links included. */
	clear(): void {
		this.seq = 0;
		this.end_seq = 0;
		this.tcp_tw_isn = 0;
		this.tcp_gso_segs = 0;
		this.tcp_gso_size = 0;
		this.tcp_flags = 0;
		this.sacked = 0;
		this.ip_dsfield = 0;
		this.eor = false;
		this.has_rxtstamp = false;
		this.ack_seq = 0;
		this.in_flight = 0;
		this.is_app_limited = false;
		this.delivered = 0;
		this.first_tx_mstamp = 0;
		this.delivered_mstamp = 0;
		this.unlink();
	}

	/** Forgets the lists it was in and its clone. */
	unlink(): void {
		this.tsorted_next = null;
		this.tsorted_prev = null;
		this.tsorted = false;
		this.fclone = null;
	}
}

export const TCPCB_SACKED_ACKED = 0x01;
export const TCPCB_SACKED_RETRANS = 0x02;
export const TCPCB_LOST = 0x04;
export const TCPCB_TAGBITS = 0x07;
export const TCPCB_REPAIRED = 0x10;
export const TCPCB_EVER_RETRANS = 0x80;
export const TCPCB_RETRANS = TCPCB_SACKED_RETRANS | TCPCB_EVER_RETRANS | TCPCB_REPAIRED;

/**
 * Gives a packet its control block of TCP, which stays with it.
 * @kernel PORT: part of skb->cb
 */
function tcp_skb_cb_alloc(skb: sk_buff): tcp_skb_cb {
	const cb = new tcp_skb_cb();
	skb.tcpcb = cb;
	return cb;
}

/**
 * TCP's control block of a packet, made when there is none.
 * @kernel PORT: the macro TCP_SKB_CB of include/net/tcp.h
 */
export function TCP_SKB_CB(skb: sk_buff): tcp_skb_cb {
	const cb = skb.tcpcb;
	return cb === null ? tcp_skb_cb_alloc(skb) : cb;
}

/**
 * Segments a packet stands for.
 * @kernel include/net/tcp.h:959 (v5.10)
 */
export function tcp_skb_pcount(skb: sk_buff): number {
	return TCP_SKB_CB(skb).tcp_gso_segs;
}

/**
 * Sets how many segments a packet stands for.
 * @kernel include/net/tcp.h:964 (v5.10)
 */
export function tcp_skb_pcount_set(skb: sk_buff, segs: number): void {
	TCP_SKB_CB(skb).tcp_gso_segs = segs & 0xffff;
}

/**
 * Changes how many segments a packet stands for.
 * @kernel include/net/tcp.h:969 (v5.10)
 */
export function tcp_skb_pcount_add(skb: sk_buff, segs: number): void {
	const cb = TCP_SKB_CB(skb);

	cb.tcp_gso_segs = (cb.tcp_gso_segs + segs) & 0xffff;
}

/**
 * Payload bytes a segment of a packet that stands for several.
 * @kernel include/net/tcp.h:975 (v5.10)
 */
export function tcp_skb_mss(skb: sk_buff): number {
	return TCP_SKB_CB(skb).tcp_gso_size;
}

/**
 * Tells whether payload may be appended to a packet.
 * @kernel include/net/tcp.h:980 (v5.10)
 */
export function tcp_skb_can_collapse_to(skb: sk_buff): boolean {
	return !TCP_SKB_CB(skb).eor;
}

/**
 * Tells whether a packet's payload may be moved to another.
 * @kernel include/net/tcp.h:985 (v5.10)
 */
export function tcp_skb_can_collapse(to: sk_buff, _from: sk_buff): boolean {
	return tcp_skb_can_collapse_to(to);
}

/* enum tcp_ca_event */
export const CA_EVENT_TX_START = 0;
export const CA_EVENT_CWND_RESTART = 1;
export const CA_EVENT_COMPLETE_CWR = 2;
export const CA_EVENT_LOSS = 3;
export const CA_EVENT_ECN_NO_CE = 4;
export const CA_EVENT_ECN_IS_CE = 5;

/* enum tcp_ca_ack_event_flags */
export const CA_ACK_SLOWPATH = 1 << 0;
export const CA_ACK_WIN_UPDATE = 1 << 1;
export const CA_ACK_ECE = 1 << 2;

export const TCP_CA_NAME_MAX = 16;
export const TCP_CA_UNSPEC = 0;
export const TCP_CONG_NON_RESTRICTED = 0x1;
export const TCP_CONG_NEEDS_ECN = 0x2;

/** What an ACK says to the congestion control. */
export class ack_sample {
	pkts_acked = 0;
	rtt_us = 0;
	in_flight = 0;
}

/** A congestion control. */
export interface tcp_congestion_ops {
	key: number;
	flags: number;
	init?: (sk: sock) => void;
	release?: (sk: sock) => void;
	ssthresh: (sk: sock) => number;
	cong_avoid?: (sk: sock, ack: number, acked: number) => void;
	set_state?: (sk: sock, new_state: number) => void;
	cwnd_event?: (sk: sock, ev: number) => void;
	in_ack_event?: (sk: sock, flags: number) => void;
	undo_cwnd: (sk: sock) => number;
	pkts_acked?: (sk: sock, sample: ack_sample) => void;
	min_tso_segs?: (sk: sock) => number;
	sndbuf_expand?: (sk: sock) => number;
	cong_control?: (sk: sock, rs: rate_sample) => void;
	name: string;
}

/**
 * Tells whether the congestion control wants ECN.
 * @kernel include/net/tcp.h:1129 (v5.10)
 */
export function tcp_ca_needs_ecn(sk: sock): boolean {
	return (inet_csk(sk).icsk_ca_ops!.flags & TCP_CONG_NEEDS_ECN) !== 0;
}

/**
 * Changes the state of congestion control.
 * @param ca_state TCP_CA_*
 * @kernel include/net/tcp.h:1136 (v5.10)
 */
export function tcp_set_ca_state(sk: sock, ca_state: number): void {
	const icsk = inet_csk(sk);

	icsk.icsk_ca_ops!.set_state?.(sk, ca_state);
	icsk.icsk_ca_state = ca_state;
}

/**
 * Tells the congestion control of an event.
 * @param event CA_EVENT_*
 * @kernel include/net/tcp.h:1145 (v5.10)
 */
export function tcp_ca_event(sk: sock, event: number): void {
	inet_csk(sk).icsk_ca_ops!.cwnd_event?.(sk, event);
}

/**
 * Tells whether SACK was agreed on.
 * @kernel include/net/tcp.h:1168 (v5.10)
 */
export function tcp_is_sack(tp: tcp_sock): boolean {
	return tp.rx_opt.sack_ok !== 0;
}

/**
 * Tells whether SACK was not agreed on.
 * @kernel include/net/tcp.h:1173 (v5.10)
 */
export function tcp_is_reno(tp: tcp_sock): boolean {
	return tp.rx_opt.sack_ok === 0;
}

/**
 * Segments that have left the network by what SACK and loss detection say.
 * @kernel include/net/tcp.h:1178 (v5.10)
 */
export function tcp_left_out(tp: tcp_sock): number {
	return tp.sacked_out + tp.lost_out;
}

/**
 * Segments believed to be on their way.
 * @kernel include/net/tcp.h:1197 (v5.10)
 */
export function tcp_packets_in_flight(tp: tcp_sock): number {
	return (tp.packets_out - tcp_left_out(tp) + tp.retrans_out) >>> 0;
}

export const TCP_INFINITE_SSTHRESH = 0x7fffffff;

/**
 * Tells whether the window grows by slow start.
 * @kernel include/net/tcp.h:1204 (v5.10)
 */
export function tcp_in_slow_start(tp: tcp_sock): boolean {
	return tp.snd_cwnd < tp.snd_ssthresh;
}

/**
 * Tells whether there was no loss yet.
 * @kernel include/net/tcp.h:1209 (v5.10)
 */
export function tcp_in_initial_slowstart(tp: tcp_sock): boolean {
	return tp.snd_ssthresh >= TCP_INFINITE_SSTHRESH;
}

/**
 * Tells whether the window is being reduced.
 * @kernel include/net/tcp.h:1214 (v5.10)
 */
export function tcp_in_cwnd_reduction(sk: sock): boolean {
	return ((TCPF_CA_CWR | TCPF_CA_Recovery) & (1 << inet_csk(sk).icsk_ca_state)) !== 0;
}

/**
 * Slow start threshold to remember for the present window, segments.
 * @kernel include/net/tcp.h:1224 (v5.10)
 */
export function tcp_current_ssthresh(sk: sock): number {
	const tp = tcp_sk(sk);

	if (tcp_in_cwnd_reduction(sk)) return tp.snd_ssthresh;
	return Math.max(tp.snd_ssthresh, (tp.snd_cwnd >>> 1) + (tp.snd_cwnd >>> 2));
}

/**
 * Segments of window for which TSO holds a packet back.
 * @kernel include/net/tcp.h:1245 (v5.10)
 */
export function tcp_max_tso_deferred_mss(_tp: tcp_sock): number {
	return 3;
}

/**
 * Sequence number at which the peer's window ends.
 * @kernel include/net/tcp.h:1251 (v5.10)
 */
export function tcp_wnd_end(tp: tcp_sock): number {
	return (tp.snd_una + tp.snd_wnd) >>> 0;
}

/**
 * Tells whether the congestion window held sending back.
 * @kernel include/net/tcp.h:1269 (v5.10)
 */
export function tcp_is_cwnd_limited(sk: sock): boolean {
	const tp = tcp_sk(sk);

	if (tcp_in_slow_start(tp)) return tp.snd_cwnd < 2 * tp.max_packets_out;
	return tp.is_cwnd_limited;
}

/**
 * Tells whether TCP paces by itself.
 * @kernel include/net/tcp.h:1286 (v5.10)
 */
export function tcp_needs_internal_pacing(sk: sock): boolean {
	return sk.sk_pacing_status === SK_PACING_NEEDED;
}

/**
 * Jiffies until pacing lets the next packet go.
 * @kernel include/net/tcp.h:1294 (v5.10)
 */
export function tcp_pacing_delay(sk: sock): number {
	const tp = tcp_sk(sk);
	const delay = tp.tcp_wstamp_ns - tp.tcp_clock_cache;

	return delay > 0 ? Math.floor(delay / (1_000_000_000 / HZ)) : 0;
}

/**
 * First interval of zero window probes, jiffies.
 * @kernel include/net/tcp.h:1316 (v5.10)
 */
export function tcp_probe0_base(sk: sock): number {
	return Math.max(inet_csk(sk).icsk_rto, TCP_RTO_MIN);
}

/**
 * Interval to the next zero window probe, jiffies.
 * @param max_when upper bound
 * @kernel include/net/tcp.h:1322 (v5.10)
 */
export function tcp_probe0_when(sk: sock, max_when: number): number {
	return Math.min(tcp_probe0_base(sk) * 2 ** inet_csk(sk).icsk_backoff, max_when);
}

/**
 * Remembers the segment that set the window first.
 * @kernel include/net/tcp.h:1337 (v5.10)
 */
export function tcp_init_wl(tp: tcp_sock, seq: number): void {
	tp.snd_wl1 = seq;
}

/**
 * Remembers the segment that set the window last.
 * @kernel include/net/tcp.h:1342 (v5.10)
 */
export function tcp_update_wl(tp: tcp_sock, seq: number): void {
	tp.snd_wl1 = seq;
}

/**
 * Forgets the SACK blocks to send.
 * @kernel include/net/tcp.h:1368 (v5.10)
 */
export function tcp_sack_reset(rx_opt: tcp_options_received): void {
	rx_opt.dsack = false;
	rx_opt.num_sacks = 0;
}

/**
 * Window that a buffer of this many bytes stands for.
 * @kernel include/net/tcp.h:1396 (v5.10)
 */
export function tcp_win_from_space(sk: sock, space: number): number {
	const tcp_adv_win_scale = sock_net(sk).ipv4.sysctl_tcp_adv_win_scale;

	return tcp_adv_win_scale <= 0
		? space >> -tcp_adv_win_scale
		: space - (space >> tcp_adv_win_scale);
}

/**
 * Window that the free part of the receive buffer stands for; may be negative.
 * @kernel include/net/tcp.h:1406 (v5.10)
 */
export function tcp_space(sk: sock): number {
	return tcp_win_from_space(sk, sk.sk_rcvbuf - sk.sk_backlog.len - sk.sk_rmem_alloc);
}

/**
 * Window that the whole receive buffer stands for.
 * @kernel include/net/tcp.h:1413 (v5.10)
 */
export function tcp_full_space(sk: sock): number {
	return tcp_win_from_space(sk, sk.sk_rcvbuf);
}

/**
 * Tells whether the receive buffer is nearly full.
 * @kernel include/net/tcp.h:1425 (v5.10)
 */
export function tcp_rmem_pressure(sk: sock): boolean {
	const rcvbuf = sk.sk_rcvbuf;

	return sk.sk_rmem_alloc > rcvbuf - (rcvbuf >> 3);
}

/**
 * Interval of keepalive probes, jiffies.
 * @kernel include/net/tcp.h:1440 (v5.10)
 */
export function keepalive_intvl_when(tp: tcp_sock): number {
	return tp.keepalive_intvl || sock_net(tp).ipv4.sysctl_tcp_keepalive_intvl;
}

/**
 * Idle time before the first keepalive probe, jiffies.
 * @kernel include/net/tcp.h:1447 (v5.10)
 */
export function keepalive_time_when(tp: tcp_sock): number {
	return tp.keepalive_time || sock_net(tp).ipv4.sysctl_tcp_keepalive_time;
}

/**
 * Keepalive probes without answer before the connection is given up.
 * @kernel include/net/tcp.h:1454 (v5.10)
 */
export function keepalive_probes(tp: tcp_sock): number {
	return tp.keepalive_probes || sock_net(tp).ipv4.sysctl_tcp_keepalive_probes;
}

/**
 * Jiffies since anything was heard of the peer.
 * @kernel include/net/tcp.h:1461 (v5.10)
 */
export function keepalive_time_elapsed(tp: tcp_sock): number {
	const now = tcp_jiffies32(tp);

	return Math.min(now - tp.icsk_ack.lrcvtime, now - tp.rcv_tstamp);
}

/**
 * How long an orphan waits in FIN_WAIT2, jiffies.
 * @kernel include/net/tcp.h:1469 (v5.10)
 */
export function tcp_fin_time(sk: sock): number {
	let fin_timeout = tcp_sk(sk).linger2 || sock_net(sk).ipv4.sysctl_tcp_fin_timeout;
	const rto = inet_csk(sk).icsk_rto;

	if (fin_timeout < (rto << 2) - (rto >> 1)) fin_timeout = (rto << 2) - (rto >> 1);
	return fin_timeout;
}

/**
 * Seconds since boot.
 * @kernel PORT: kernel/time/timekeeping.c ktime_get_seconds
 */
export function ktime_get_seconds(m: Machine): number {
	return Math.floor(m.now_ns / 1_000_000_000);
}

/**
 * Tells whether a timestamp is not older than the last one.
 * @param paws_win slack, ticks of the timestamp
 * @kernel include/net/tcp.h:1480 (v5.10)
 */
export function tcp_paws_check(
	m: Machine,
	rx_opt: tcp_options_received,
	paws_win: number,
): boolean {
	if (((rx_opt.ts_recent - rx_opt.rcv_tsval) | 0) <= paws_win) return true;
	if (!(ktime_get_seconds(m) < rx_opt.ts_recent_stamp + TCP_PAWS_24DAYS)) return true;
	if (rx_opt.ts_recent === 0) return true;
	return false;
}

/**
 * Tells whether a segment is too old by its timestamp.
 * @param rst the segment is a reset
 * @kernel include/net/tcp.h:1498 (v5.10)
 */
export function tcp_paws_reject(m: Machine, rx_opt: tcp_options_received, rst: boolean): boolean {
	if (tcp_paws_check(m, rx_opt, 0)) return false;
	if (rst && !(ktime_get_seconds(m) < rx_opt.ts_recent_stamp + TCP_PAWS_MSL)) return false;
	return true;
}

/**
 * Sets the counters that tell limits (RFC 2012): RTO algorithm, shortest and longest RTO in ms, connections.
 * @kernel include/net/tcp.h:1525 (v5.10)
 */
export function tcp_mib_init(net: net): void {
	TCP_ADD_STATS(net, TCP_MIB_RTOALGORITHM, 1);
	TCP_ADD_STATS(net, TCP_MIB_RTOMIN, (TCP_RTO_MIN * 1000) / HZ);
	TCP_ADD_STATS(net, TCP_MIB_RTOMAX, (TCP_RTO_MAX * 1000) / HZ);
	TCP_ADD_STATS(net, TCP_MIB_MAXCONN, -1);
}

/**
 * Forgets where to look for lost segments.
 * @kernel include/net/tcp.h:1535 (v5.10)
 */
export function tcp_clear_retrans_hints_partial(tp: tcp_sock): void {
	tp.lost_skb_hint = null;
}

/**
 * Forgets where to go on with lost segments and retransmissions.
 * @kernel include/net/tcp.h:1540 (v5.10)
 */
export function tcp_clear_all_retrans_hints(tp: tcp_sock): void {
	tcp_clear_retrans_hints_partial(tp);
	tp.retransmit_skb_hint = null;
}

/* enum tcp_chrono */
export const TCP_CHRONO_UNSPEC = 0;
export const TCP_CHRONO_BUSY = 1;
export const TCP_CHRONO_RWND_LIMITED = 2;
export const TCP_CHRONO_SNDBUF_LIMITED = 3;
export const __TCP_CHRONO_MAX = 4;

/**
 * First sent segment that is not acknowledged, or null.
 * @kernel include/net/tcp.h:1760 (v5.10)
 */
export function tcp_rtx_queue_head(sk: sock): sk_buff | null {
	return tcp_sk(sk).tcp_rtx_queue.first;
}

/**
 * Last sent segment, or null when all are acknowledged.
 * @kernel include/net/tcp.h:1765 (v5.10)
 */
export function tcp_rtx_queue_tail(sk: sock): sk_buff | null {
	return tcp_sk(sk).tcp_rtx_queue.last;
}

/**
 * First packet that was not sent, or null.
 * @kernel include/net/tcp.h:1770 (v5.10)
 */
export function tcp_write_queue_head(sk: sock): sk_buff | null {
	return sk.sk_write_queue.first;
}

/**
 * Last packet that was not sent, or null.
 * @kernel include/net/tcp.h:1775 (v5.10)
 */
export function tcp_write_queue_tail(sk: sock): sk_buff | null {
	return sk.sk_write_queue.last;
}

/**
 * Packet to send next, or null.
 * @kernel include/net/tcp.h:1783 (v5.10)
 */
export function tcp_send_head(sk: sock): sk_buff | null {
	return sk.sk_write_queue.first;
}

/**
 * Tells whether a packet is the last of the write queue.
 * @kernel include/net/tcp.h:1788 (v5.10)
 */
export function tcp_skb_is_last(sk: sock, skb: sk_buff): boolean {
	return sk.sk_write_queue.last === skb;
}

/**
 * Tells whether nothing waits to be sent.
 * @kernel include/net/tcp.h:1801 (v5.10)
 */
export function tcp_write_queue_empty(sk: sock): boolean {
	const tp = tcp_sk(sk);

	return tp.write_seq === tp.snd_nxt;
}

/**
 * Tells whether nothing waits to be acknowledged.
 * @kernel include/net/tcp.h:1808 (v5.10)
 */
export function tcp_rtx_queue_empty(sk: sock): boolean {
	return tcp_sk(sk).tcp_rtx_queue.first === null;
}

/**
 * Tells whether all that was written is sent and acknowledged.
 * @kernel include/net/tcp.h:1813 (v5.10)
 */
export function tcp_rtx_and_write_queues_empty(sk: sock): boolean {
	return tcp_rtx_queue_empty(sk) && tcp_write_queue_empty(sk);
}

/**
 * Takes a packet out of the list by time of transmission.
 * @kernel PORT: list_del(&skb->tcp_tsorted_anchor)
 */
export function tcp_tsorted_del(tp: tcp_sock, skb: sk_buff): void {
	const cb = TCP_SKB_CB(skb);

	if (!cb.tsorted) return;
	if (cb.tsorted_prev !== null) TCP_SKB_CB(cb.tsorted_prev).tsorted_next = cb.tsorted_next;
	else tp.tsorted_first = cb.tsorted_next;
	if (cb.tsorted_next !== null) TCP_SKB_CB(cb.tsorted_next).tsorted_prev = cb.tsorted_prev;
	else tp.tsorted_last = cb.tsorted_prev;
	cb.tsorted_next = null;
	cb.tsorted_prev = null;
	cb.tsorted = false;
}

/**
 * Puts a packet behind the list by time of transmission.
 * @kernel PORT: list_add_tail(&skb->tcp_tsorted_anchor, &tp->tsorted_sent_queue)
 */
export function tcp_tsorted_add_tail(tp: tcp_sock, skb: sk_buff): void {
	const cb = TCP_SKB_CB(skb);

	cb.tsorted_next = null;
	cb.tsorted_prev = tp.tsorted_last;
	cb.tsorted = true;
	if (tp.tsorted_last !== null) TCP_SKB_CB(tp.tsorted_last).tsorted_next = skb;
	else tp.tsorted_first = skb;
	tp.tsorted_last = skb;
}

/**
 * Puts a packet behind another in the list by time of transmission.
 * @kernel PORT: list_add(&new->tcp_tsorted_anchor, &skb->tcp_tsorted_anchor)
 */
export function tcp_tsorted_add_after(tp: tcp_sock, skb: sk_buff, prev: sk_buff): void {
	const cb = TCP_SKB_CB(skb);
	const pcb = TCP_SKB_CB(prev);

	/* PORT: a node taken out forms a ring of its own in C, so that its new neighbour is out as well. */
	if (!pcb.tsorted) return;
	cb.tsorted_prev = prev;
	cb.tsorted_next = pcb.tsorted_next;
	cb.tsorted = true;
	if (pcb.tsorted_next !== null) TCP_SKB_CB(pcb.tsorted_next).tsorted_prev = skb;
	else tp.tsorted_last = skb;
	pcb.tsorted_next = skb;
}

/**
 * Start of the segment behind the highest one that was SACKed.
 * @kernel include/net/tcp.h:1869 (v5.10)
 */
export function tcp_highest_sack_seq(tp: tcp_sock): number {
	if (tp.sacked_out === 0) return tp.snd_una;
	if (tp.highest_sack === null) return tp.snd_nxt;
	return TCP_SKB_CB(tp.highest_sack).seq;
}

/**
 * Notes that all up to a packet were SACKed or passed.
 * @kernel include/net/tcp.h:1880 (v5.10)
 */
export function tcp_advance_highest_sack(sk: sock, skb: sk_buff): void {
	tcp_sk(sk).highest_sack = skb.next;
}

/**
 * The segment behind the highest one that was SACKed.
 * @kernel include/net/tcp.h:1885 (v5.10)
 */
export function tcp_highest_sack(sk: sock): sk_buff | null {
	return tcp_sk(sk).highest_sack;
}

/**
 * Forgets which segment was SACKed highest.
 * @kernel include/net/tcp.h:1890 (v5.10)
 */
export function tcp_highest_sack_reset(sk: sock): void {
	tcp_sk(sk).highest_sack = tcp_rtx_queue_head(sk);
}

/**
 * Keeps the mark when a packet takes the place of another.
 * @kernel include/net/tcp.h:1896 (v5.10)
 */
export function tcp_highest_sack_replace(
	sk: sock,
	old: sk_buff,
	new_skb: sk_buff | null,
): void {
	if (old === tcp_highest_sack(sk)) tcp_sk(sk).highest_sack = new_skb;
}

/**
 * Tells whether a stream has too few segments on their way for duplicate ACKs.
 * @kernel include/net/tcp.h:1919 (v5.10)
 */
export function tcp_stream_is_thin(tp: tcp_sock): boolean {
	return tp.packets_out < 4 && !tcp_in_initial_slowstart(tp);
}

/**
 * Unsent bytes above which the socket is not writable.
 * @kernel include/net/tcp.h:1963 (v5.10)
 */
export function tcp_notsent_lowat(tp: tcp_sock): number {
	return tp.notsent_lowat || sock_net(tp).ipv4.sysctl_tcp_notsent_lowat;
}

/**
 * Tells whether few enough bytes wait to be sent.
 * @param wake 1 when asked before a wake-up
 * @kernel include/net/tcp.h:1973 (v5.10)
 */
export function tcp_stream_memory_free(sk: sock, wake: number): boolean {
	const tp = tcp_sk(sk);
	const notsent_bytes = (tp.write_seq - tp.snd_nxt) >>> 0;

	return notsent_bytes * (wake !== 0 ? 2 : 1) < tcp_notsent_lowat(tp);
}

/** What differs between requests over IPv4 and over IPv6. */
export interface tcp_request_sock_ops {
	mss_clamp: number;
	init_req: (req: request_sock, sk_listener: sock, skb: sk_buff) => void;
	route_req: (sk: sock, fl: flowi, req: request_sock) => dst_entry | null;
	/** Makes the flow that route_req() fills. PORT: the C has a union on the stack. */
	new_flow: () => flowi;
	init_seq: (skb: sk_buff) => number;
	init_ts_off: (net: net, skb: sk_buff) => number;
	send_synack: (
		sk: sock,
		dst: dst_entry | null,
		fl: flowi | null,
		req: request_sock,
		synack_type: number,
		syn_skb: sk_buff | null,
	) => number;
}

/**
 * Time from now until the retransmission timeout of the oldest segment, us; may be negative.
 * @kernel include/net/tcp.h:2076 (v5.10)
 */
export function tcp_rto_delta_us(sk: sock): number {
	const skb = tcp_rtx_queue_head(sk)!;
	const rto = inet_csk(sk).icsk_rto;

	return tcp_skb_timestamp_us(skb) + jiffies_to_usecs(rto) - tcp_sk(sk).tcp_mstamp;
}

/**
 * Tells whether a packet is a pure ACK that we made.
 * @kernel include/net/tcp.h:2111 (v5.10)
 */
export function skb_is_tcp_pure_ack(skb: sk_buff): boolean {
	return skb.truesize === 2;
}

/**
 * Marks a packet as a pure ACK that we made.
 * @kernel include/net/tcp.h:2116 (v5.10)
 */
export function skb_set_tcp_pure_ack(skb: sk_buff): void {
	skb.truesize = 2;
}

/**
 * Bytes that can be read now.
 * @kernel include/net/tcp.h:2121 (v5.10)
 */
export function tcp_inq(sk: sock): number {
	const tp = tcp_sk(sk);
	let answ: number;

	if (((1 << sk.sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) !== 0) {
		answ = 0;
	} else {
		answ = (tp.rcv_nxt - tp.copied_seq) | 0;
		if (answ !== 0 && sock_flag(sk, SOCK_DONE)) answ--;
	}
	return answ;
}

/**
 * Counts received segments.
 * @kernel include/net/tcp.h:2147 (v5.10)
 */
export function tcp_segs_in(tp: tcp_sock, skb: sk_buff): void {
	const segs_in = Math.max(1, skb_shinfo(skb).gso_segs);

	tp.segs_in += segs_in;
	if (skb.len > tcp_hdrlen(skb)) tp.data_segs_in += segs_in;
}

/**
 * Counts a request that a listener dropped.
 * @kernel include/net/tcp.h:2164 (v5.10)
 */
export function tcp_listendrop(sk: sock): void {
	sk.sk_drops++;
	NET_INC_STATS(sk.sk_net, LINUX_MIB_LISTENDROPS);
}
