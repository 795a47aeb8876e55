// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/tcp_rate.c, base v5.10: delivery rate samples.
 */
import { sk_wmem_alloc_get, type sock } from '../../include/net/sock.ts';
import {
	after,
	type rate_sample,
	tcp_min_rtt,
	tcp_packets_in_flight,
	TCP_SKB_CB,
	tcp_skb_timestamp_us,
	tcp_stamp_us_delta,
	TCPCB_RETRANS,
	TCPCB_SACKED_ACKED,
} from '../../include/net/tcp.ts';
import { tcp_sk } from '../../include/linux/tcp.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { SKB_TRUESIZE } from '../core/skbuff.ts';

/**
 * Notes on a packet how much was delivered when it was sent.
 * @kernel net/ipv4/tcp_rate.c:40 (v5.10)
 */
export function tcp_rate_skb_sent(sk: sock, skb: sk_buff): void {
	const tp = tcp_sk(sk);
	const scb = TCP_SKB_CB(skb);

	if (tp.packets_out === 0) {
		const tstamp_us = tcp_skb_timestamp_us(skb);

		tp.first_tx_mstamp = tstamp_us;
		tp.delivered_mstamp = tstamp_us;
	}

	scb.first_tx_mstamp = tp.first_tx_mstamp;
	scb.delivered_mstamp = tp.delivered_mstamp;
	scb.delivered = tp.delivered;
	scb.is_app_limited = tp.app_limited !== 0;
}

/**
 * Lets a packet that arrived at the peer be the base of the sample, when it is the youngest.
 * @kernel net/ipv4/tcp_rate.c:78 (v5.10)
 */
export function tcp_rate_skb_delivered(sk: sock, skb: sk_buff, rs: rate_sample): void {
	const tp = tcp_sk(sk);
	const scb = TCP_SKB_CB(skb);

	if (scb.delivered_mstamp === 0) return;

	if (rs.prior_delivered === 0 || after(scb.delivered, rs.prior_delivered)) {
		rs.prior_delivered = scb.delivered;
		rs.prior_mstamp = scb.delivered_mstamp;
		rs.is_app_limited = scb.is_app_limited;
		rs.is_retrans = (scb.sacked & TCPCB_RETRANS) !== 0;

		tp.first_tx_mstamp = tcp_skb_timestamp_us(skb);
		rs.interval_us = tcp_stamp_us_delta(tp.first_tx_mstamp, scb.first_tx_mstamp);
	}
	if ((scb.sacked & TCPCB_SACKED_ACKED) !== 0) scb.delivered_mstamp = 0;
}

/**
 * Finishes the sample of an ACK.
 * @kernel net/ipv4/tcp_rate.c:110 (v5.10)
 */
export function tcp_rate_gen(
	sk: sock,
	delivered: number,
	lost: number,
	is_sack_reneg: boolean,
	rs: rate_sample,
): void {
	const tp = tcp_sk(sk);

	if (tp.app_limited !== 0 && after(tp.delivered, tp.app_limited)) tp.app_limited = 0;

	if (delivered !== 0) tp.delivered_mstamp = tp.tcp_mstamp;

	rs.acked_sacked = delivered;
	rs.losses = lost;
	if (rs.prior_mstamp === 0 || is_sack_reneg) {
		rs.delivered = -1;
		rs.interval_us = -1;
		return;
	}
	rs.delivered = (tp.delivered - rs.prior_delivered) | 0;

	const snd_us = rs.interval_us;
	const ack_us = tcp_stamp_us_delta(tp.tcp_mstamp, rs.prior_mstamp);
	rs.interval_us = Math.max(snd_us, ack_us);

	rs.snd_interval_us = snd_us;
	rs.rcv_interval_us = ack_us;

	if (rs.interval_us < tcp_min_rtt(tp)) {
		rs.interval_us = -1;
		return;
	}

	if (
		!rs.is_app_limited ||
		rs.delivered * tp.rate_interval_us >= tp.rate_delivered * rs.interval_us
	) {
		tp.rate_delivered = rs.delivered;
		tp.rate_interval_us = rs.interval_us;
		tp.rate_app_limited = rs.is_app_limited;
	}
}

/**
 * Notes that the sender runs dry of data.
 * @kernel net/ipv4/tcp_rate.c:183 (v5.10)
 */
export function tcp_rate_check_app_limited(sk: sock): void {
	const tp = tcp_sk(sk);

	if (
		(tp.write_seq - tp.snd_nxt) >>> 0 < tp.mss_cache &&
		sk_wmem_alloc_get(sk) < SKB_TRUESIZE(1) &&
		tcp_packets_in_flight(tp) < tp.snd_cwnd &&
		tp.lost_out <= tp.retrans_out
	)
		tp.app_limited = (tp.delivered + tcp_packets_in_flight(tp)) >>> 0 || 1;
}
