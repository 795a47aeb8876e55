// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv4/tcp_recovery.c, base v5.10: loss detection by time (RACK) and by NewReno.
 *
 * PORT: tcp_mark_skb_lost() of net/ipv4/tcp_input.c is here, below its users; tcp_rack_reo_timeout() is in
 * net/ipv4/tcp_timer.ts, above tcp_input.
 */
import { ICSK_TIME_REO_TIMEOUT } from '../../include/net/inet_connection_sock.ts';
import { NET_ADD_STATS } from '../../include/net/snmp.ts';
import type { sock } from '../../include/net/sock.ts';
import {
	after,
	before,
	type rate_sample,
	TCP_FRAG_IN_RTX_QUEUE,
	tcp_min_rtt,
	TCP_RACK_NO_DUPTHRESH,
	TCP_RACK_STATIC_REO_WND,
	tcp_rtx_queue_head,
	TCP_SKB_CB,
	tcp_skb_mss,
	tcp_skb_pcount,
	tcp_skb_timestamp_us,
	tcp_stamp_us_delta,
	TCP_TIMEOUT_MIN,
	tcp_tsorted_del,
	TCPCB_LOST,
	TCPCB_RETRANS,
	TCPCB_SACKED_ACKED,
	TCPCB_SACKED_RETRANS,
	usecs_to_jiffies,
} from '../../include/net/tcp.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { TCP_RACK_RECOVERY_THRESH, tcp_sk, type tcp_sock } from '../../include/linux/tcp.ts';
import { LINUX_MIB_TCPLOSTRETRANSMIT } from '../../include/uapi/linux/snmp.ts';
import { TCP_CA_Recovery } from '../../include/uapi/linux/tcp.ts';
import { inet_csk_reset_xmit_timer } from './inet_connection_sock.ts';
import { tcp_fragment } from './tcp_output.ts';

/**
 * Lets retransmission go on no further than a packet that was just found lost.
 * @kernel PORT: net/ipv4/tcp_input.c:1198, below its users here
 */
function tcp_verify_retransmit_hint(tp: tcp_sock, skb: sk_buff): void {
	if (
		(tp.retransmit_skb_hint === null && tp.retrans_out >= tp.lost_out) ||
		(tp.retransmit_skb_hint !== null &&
			before(TCP_SKB_CB(skb).seq, TCP_SKB_CB(tp.retransmit_skb_hint).seq))
	)
		tp.retransmit_skb_hint = skb;
}

/**
 * Counts lost segments.
 * @kernel PORT: net/ipv4/tcp_input.c:1210, below its users here
 */
function tcp_notify_skb_loss_event(tp: tcp_sock, skb: sk_buff): void {
	tp.lost += tcp_skb_pcount(skb);
}

/**
 * Marks a packet, or its retransmission, as lost.
 * @kernel PORT: net/ipv4/tcp_input.c:1215, below its users here
 */
export function tcp_mark_skb_lost(sk: sock, skb: sk_buff): void {
	const scb = TCP_SKB_CB(skb);
	const sacked = scb.sacked;
	const tp = tcp_sk(sk);

	if ((sacked & TCPCB_SACKED_ACKED) !== 0) return;

	tcp_verify_retransmit_hint(tp, skb);
	if ((sacked & TCPCB_LOST) !== 0) {
		if ((sacked & TCPCB_SACKED_RETRANS) !== 0) {
			scb.sacked &= ~TCPCB_SACKED_RETRANS;
			tp.retrans_out -= tcp_skb_pcount(skb);
			NET_ADD_STATS(sk.sk_net, LINUX_MIB_TCPLOSTRETRANSMIT, tcp_skb_pcount(skb));
			tcp_notify_skb_loss_event(tp, skb);
		}
	} else {
		tp.lost_out += tcp_skb_pcount(skb);
		scb.sacked |= TCPCB_LOST;
		tcp_notify_skb_loss_event(tp, skb);
	}
}

/**
 * Tells whether a packet was sent after another; times in us.
 * @kernel net/ipv4/tcp_recovery.c:5 (v5.10)
 */
function tcp_rack_sent_after(t1: number, t2: number, seq1: number, seq2: number): boolean {
	return t1 > t2 || (t1 === t2 && after(seq1, seq2));
}

/**
 * How long packets may overtake each other, us.
 * @kernel net/ipv4/tcp_recovery.c:10 (v5.10)
 */
function tcp_rack_reo_wnd(sk: sock): number {
	const tp = tcp_sk(sk);

	if (tp.reord_seen === 0) {
		if (tp.icsk_ca_state >= TCP_CA_Recovery) return 0;

		if (
			tp.sacked_out >= tp.reordering &&
			(sk.sk_net.ipv4.sysctl_tcp_recovery & TCP_RACK_NO_DUPTHRESH) === 0
		)
			return 0;
	}

	return Math.min((tcp_min_rtt(tp) >>> 2) * tp.rack.reo_wnd_steps, tp.srtt_us >>> 3);
}

/**
 * Time until a packet counts as lost, us; not above 0 when it is.
 * @kernel net/ipv4/tcp_recovery.c:36 (v5.10)
 */
export function tcp_rack_skb_timeout(tp: tcp_sock, skb: sk_buff, reo_wnd: number): number {
	return (
		tp.rack.rtt_us + reo_wnd - tcp_stamp_us_delta(tp.tcp_mstamp, tcp_skb_timestamp_us(skb))
	);
}

/**
 * Marks the packets as lost that were sent well before one that arrived.
 * @returns time until the next may be, us; 0 for none
 * @kernel net/ipv4/tcp_recovery.c:62 (v5.10)
 */
export function tcp_rack_detect_loss(sk: sock): number {
	const tp = tcp_sk(sk);
	const reo_wnd = tcp_rack_reo_wnd(sk);
	let reo_timeout = 0;
	let skb = tp.tsorted_first;

	while (skb !== null) {
		const scb = TCP_SKB_CB(skb);
		const n = scb.tsorted_next;

		if ((scb.sacked & TCPCB_LOST) !== 0 && (scb.sacked & TCPCB_SACKED_RETRANS) === 0) {
			skb = n;
			continue;
		}

		if (
			!tcp_rack_sent_after(
				tp.rack.mstamp,
				tcp_skb_timestamp_us(skb),
				tp.rack.end_seq,
				scb.end_seq,
			)
		)
			break;

		const remaining = tcp_rack_skb_timeout(tp, skb, reo_wnd);
		if (remaining <= 0) {
			tcp_mark_skb_lost(sk, skb);
			tcp_tsorted_del(tp, skb);
		} else {
			reo_timeout = Math.max(reo_timeout, remaining);
		}
		skb = n;
	}
	return reo_timeout;
}

/**
 * Marks lost packets after an ACK; true when the reordering timer was armed.
 * @kernel net/ipv4/tcp_recovery.c:99 (v5.10)
 */
export function tcp_rack_mark_lost(sk: sock): boolean {
	const tp = tcp_sk(sk);

	if (!tp.rack.advanced) return false;

	tp.rack.advanced = false;
	let timeout = tcp_rack_detect_loss(sk);
	if (timeout !== 0) {
		timeout = usecs_to_jiffies(timeout) + TCP_TIMEOUT_MIN;
		inet_csk_reset_xmit_timer(sk, ICSK_TIME_REO_TIMEOUT, timeout, tp.icsk_rto);
	}
	return timeout !== 0;
}

/**
 * Notes a packet that arrived, if it is the last sent of those; xmit_time in us.
 * @kernel net/ipv4/tcp_recovery.c:122 (v5.10)
 */
export function tcp_rack_advance(
	tp: tcp_sock,
	sacked: number,
	end_seq: number,
	xmit_time: number,
): void {
	const rtt_us = tcp_stamp_us_delta(tp.tcp_mstamp, xmit_time);

	/* Acknowledges rather the original than the retransmission. */
	if (rtt_us < tcp_min_rtt(tp) && (sacked & TCPCB_RETRANS) !== 0) return;

	tp.rack.advanced = true;
	tp.rack.rtt_us = rtt_us;
	if (tcp_rack_sent_after(xmit_time, tp.rack.mstamp, end_seq, tp.rack.end_seq)) {
		tp.rack.mstamp = xmit_time;
		tp.rack.end_seq = end_seq;
	}
}

/**
 * Widens the reordering window after D-SACKs, and narrows it again some recoveries later.
 * @kernel net/ipv4/tcp_recovery.c:189 (v5.10)
 */
export function tcp_rack_update_reo_wnd(sk: sock, rs: rate_sample): void {
	const tp = tcp_sk(sk);

	if (
		(sk.sk_net.ipv4.sysctl_tcp_recovery & TCP_RACK_STATIC_REO_WND) !== 0 ||
		rs.prior_delivered === 0
	)
		return;

	if (before(rs.prior_delivered, tp.rack.last_delivered)) tp.rack.dsack_seen = false;

	if (tp.rack.dsack_seen) {
		tp.rack.reo_wnd_steps = Math.min(0xff, tp.rack.reo_wnd_steps + 1);
		tp.rack.dsack_seen = false;
		tp.rack.last_delivered = tp.delivered;
		tp.rack.reo_wnd_persist = TCP_RACK_RECOVERY_THRESH;
	} else if (tp.rack.reo_wnd_persist === 0) {
		tp.rack.reo_wnd_steps = 1;
	}
}

/**
 * Marks the first segment as lost, without SACK.
 * @kernel net/ipv4/tcp_recovery.c:218 (v5.10)
 */
export function tcp_newreno_mark_lost(sk: sock, snd_una_advanced: boolean): void {
	const tp = tcp_sk(sk);
	const state = tp.icsk_ca_state;

	if (
		(state < TCP_CA_Recovery && tp.sacked_out >= tp.reordering) ||
		(state === TCP_CA_Recovery && snd_una_advanced)
	) {
		const skb = tcp_rtx_queue_head(sk)!;

		if ((TCP_SKB_CB(skb).sacked & TCPCB_LOST) !== 0) return;

		const mss = tcp_skb_mss(skb);
		if (tcp_skb_pcount(skb) > 1 && skb.len > mss)
			tcp_fragment(sk, TCP_FRAG_IN_RTX_QUEUE, skb, mss, mss);

		tcp_mark_skb_lost(sk, skb);
	}
}
