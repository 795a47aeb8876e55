// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv4/tcp_metrics.c, base v5.10: what is remembered of a destination between connections.
 *
 * PORT: the table is a map a namespace, by both addresses; when it is full the oldest entry goes, where the C
 * bounds the length of hash chains.
 * Not ported: fast open's part, generic netlink (`ip tcp_metrics`).
 */
import type { dst_entry } from '../../include/net/dst.ts';
import {
	dst_metric_locked,
	dst_metric_raw,
	RTAX_CWND,
	RTAX_REORDERING,
	RTAX_RTT,
	RTAX_RTTVAR,
	RTAX_SSTHRESH,
} from '../../include/net/dst.ts';
import { inet_csk } from '../../include/net/inet_connection_sock.ts';
import { inet_sk } from '../../include/net/inet_sock.ts';
import { ipv6_addr_v4mapped } from '../../include/net/ipv6.ts';
import { pernet_var, type net } from '../../include/net/net_namespace.ts';
import { inet_rsk, type request_sock } from '../../include/net/request_sock.ts';
import { __sk_dst_get, sk_dst_confirm, type sock } from '../../include/net/sock.ts';
import {
	jiffies_to_usecs,
	tcp_in_initial_slowstart,
	tcp_in_slow_start,
	TCP_INFINITE_SSTHRESH,
	tcp_rto_min,
	TCP_TIMEOUT_FALLBACK,
} from '../../include/net/tcp.ts';
import { tcp_sk } from '../../include/linux/tcp.ts';
import { HZ, USEC_PER_SEC } from '../../include/linux/machine.ts';
import { AF_INET, AF_INET6 } from '../../include/linux/socket.ts';
import { TCP_CA_Open } from '../../include/uapi/linux/tcp.ts';

/* include/uapi/linux/tcp_metrics.h */
const TCP_METRIC_RTT = 0;
const TCP_METRIC_RTTVAR = 1;
const TCP_METRIC_SSTHRESH = 2;
const TCP_METRIC_CWND = 3;
const TCP_METRIC_REORDERING = 4;

const TCP_METRICS_TIMEOUT = 60 * 60 * HZ;
const TCP_METRICS_MAX = 1024;
const USEC_PER_MSEC = 1000;

/** What is known of a destination. */
class tcp_metrics_block {
	/** Jiffies of the last change. */
	tcpm_stamp = 0;
	/** Bits of metrics that the route holds fast. */
	tcpm_lock = 0;
	/** By TCP_METRIC_*; the times in us, scaled as in tcp_sock. */
	readonly tcpm_vals = [0, 0, 0, 0, 0];
}

const tcp_metrics_hash = pernet_var(() => new Map<string, tcp_metrics_block>());

/**
 * Tells whether the route holds a metric fast.
 * @kernel net/ipv4/tcp_metrics.c:59 (v5.10)
 */
function tcp_metric_locked(tm: tcp_metrics_block, idx: number): boolean {
	return (tm.tcpm_lock & (1 << idx)) !== 0;
}

/**
 * A metric.
 * @kernel net/ipv4/tcp_metrics.c:65 (v5.10)
 */
function tcp_metric_get(tm: tcp_metrics_block, idx: number): number {
	return tm.tcpm_vals[idx];
}

/**
 * Sets a metric.
 * @kernel net/ipv4/tcp_metrics.c:71 (v5.10)
 */
function tcp_metric_set(tm: tcp_metrics_block, idx: number, val: number): void {
	tm.tcpm_vals[idx] = val;
}

/**
 * Takes the metrics of a route.
 * @kernel net/ipv4/tcp_metrics.c:93 (v5.10)
 */
function tcpm_suck_dst(tm: tcp_metrics_block, dst: dst_entry): void {
	tm.tcpm_stamp = dst.dev!.machine.jiffies;

	let val = 0;
	if (dst_metric_locked(dst, RTAX_RTT)) val |= 1 << TCP_METRIC_RTT;
	if (dst_metric_locked(dst, RTAX_RTTVAR)) val |= 1 << TCP_METRIC_RTTVAR;
	if (dst_metric_locked(dst, RTAX_SSTHRESH)) val |= 1 << TCP_METRIC_SSTHRESH;
	if (dst_metric_locked(dst, RTAX_CWND)) val |= 1 << TCP_METRIC_CWND;
	if (dst_metric_locked(dst, RTAX_REORDERING)) val |= 1 << TCP_METRIC_REORDERING;
	tm.tcpm_lock = val;

	tm.tcpm_vals[TCP_METRIC_RTT] = dst_metric_raw(dst, RTAX_RTT) * USEC_PER_MSEC;
	tm.tcpm_vals[TCP_METRIC_RTTVAR] = dst_metric_raw(dst, RTAX_RTTVAR) * USEC_PER_MSEC;
	tm.tcpm_vals[TCP_METRIC_SSTHRESH] = dst_metric_raw(dst, RTAX_SSTHRESH);
	tm.tcpm_vals[TCP_METRIC_CWND] = dst_metric_raw(dst, RTAX_CWND);
	tm.tcpm_vals[TCP_METRIC_REORDERING] = dst_metric_raw(dst, RTAX_REORDERING);
}

/**
 * Lets an old entry start anew from the route.
 * @kernel net/ipv4/tcp_metrics.c:134 (v5.10)
 */
function tcpm_check_stamp(tm: tcp_metrics_block | null, dst: dst_entry): void {
	if (tm !== null && dst.dev!.machine.jiffies > tm.tcpm_stamp + TCP_METRICS_TIMEOUT)
		tcpm_suck_dst(tm, dst);
}

/**
 * Makes an entry from a route.
 * @kernel net/ipv4/tcp_metrics.c:146 (v5.10)
 */
function tcpm_new(net: net, dst: dst_entry, key: string): tcp_metrics_block {
	const hash = tcp_metrics_hash.of(net);

	if (hash.size >= TCP_METRICS_MAX) {
		let oldest = '';
		let stamp = Infinity;
		for (const [k, tm] of hash) {
			if (tm.tcpm_stamp < stamp) {
				stamp = tm.tcpm_stamp;
				oldest = k;
			}
		}
		hash.delete(oldest);
	}
	const tm = new tcp_metrics_block();
	tcpm_suck_dst(tm, dst);
	hash.set(key, tm);
	return tm;
}

/**
 * Entry of a request's peer, or null.
 * @kernel net/ipv4/tcp_metrics.c:229 (v5.10)
 */
function __tcp_get_metrics_req(req: request_sock, dst: dst_entry): tcp_metrics_block | null {
	const ireq = inet_rsk(req);
	const key =
		req.rsk_ops!.family === AF_INET
			? `${ireq.ir_loc_addr}>${ireq.ir_rmt_addr}`
			: `${ireq.ir_v6_loc_addr.join()}>${ireq.ir_v6_rmt_addr.join()}`;
	const tm = tcp_metrics_hash.of(dst.dev!.nd_net).get(key) ?? null;

	tcpm_check_stamp(tm, dst);
	return tm;
}

/**
 * Entry of a connection's peer, or null.
 * @kernel net/ipv4/tcp_metrics.c:271 (v5.10)
 */
function tcp_get_metrics(sk: sock, dst: dst_entry, create: boolean): tcp_metrics_block | null {
	const inet = inet_sk(sk);
	let key: string;

	if (
		sk.sk_family === AF_INET ||
		(sk.sk_family === AF_INET6 && ipv6_addr_v4mapped(sk.sk_v6_daddr))
	)
		key = `${inet.inet_saddr}>${inet.inet_daddr}`;
	else if (sk.sk_family === AF_INET6)
		key = `${sk.sk_v6_rcv_saddr.join()}>${sk.sk_v6_daddr.join()}`;
	else return null;

	const net = dst.dev!.nd_net;
	const tm = tcp_metrics_hash.of(net).get(key) ?? null;
	if (tm === null && create) return tcpm_new(net, dst, key);
	tcpm_check_stamp(tm, dst);
	return tm;
}

/**
 * Remembers what a connection that ends has learnt.
 * @kernel net/ipv4/tcp_metrics.c:320 (v5.10)
 */
export function tcp_update_metrics(sk: sock): void {
	const icsk = inet_csk(sk);
	const dst = __sk_dst_get(sk);
	const tp = tcp_sk(sk);
	const ipv4 = sk.sk_net.ipv4;
	let tm: tcp_metrics_block | null;
	let val: number;

	sk_dst_confirm(sk);
	if (ipv4.sysctl_tcp_nometrics_save !== 0 || dst === null) return;

	if (icsk.icsk_backoff !== 0 || tp.srtt_us === 0) {
		tm = tcp_get_metrics(sk, dst, false);
		if (tm !== null && !tcp_metric_locked(tm, TCP_METRIC_RTT))
			tcp_metric_set(tm, TCP_METRIC_RTT, 0);
		return;
	}
	tm = tcp_get_metrics(sk, dst, true);
	if (tm === null) return;

	let rtt = tcp_metric_get(tm, TCP_METRIC_RTT);
	let m = rtt - tp.srtt_us;

	if (!tcp_metric_locked(tm, TCP_METRIC_RTT)) {
		if (m <= 0) rtt = tp.srtt_us;
		else rtt -= m >> 3;
		tcp_metric_set(tm, TCP_METRIC_RTT, rtt);
	}

	if (!tcp_metric_locked(tm, TCP_METRIC_RTTVAR)) {
		if (m < 0) m = -m;

		m >>= 1;
		if (m < tp.mdev_us) m = tp.mdev_us;

		let v = tcp_metric_get(tm, TCP_METRIC_RTTVAR);
		if (m >= v) v = m;
		else v -= (v - m) >> 2;

		tcp_metric_set(tm, TCP_METRIC_RTTVAR, v);
	}

	const save_ssthresh =
		ipv4.sysctl_tcp_no_ssthresh_metrics_save === 0 &&
		!tcp_metric_locked(tm, TCP_METRIC_SSTHRESH);
	if (tcp_in_initial_slowstart(tp)) {
		if (save_ssthresh) {
			val = tcp_metric_get(tm, TCP_METRIC_SSTHRESH);
			if (val !== 0 && tp.snd_cwnd >>> 1 > val)
				tcp_metric_set(tm, TCP_METRIC_SSTHRESH, tp.snd_cwnd >>> 1);
		}
		if (!tcp_metric_locked(tm, TCP_METRIC_CWND)) {
			val = tcp_metric_get(tm, TCP_METRIC_CWND);
			if (tp.snd_cwnd > val) tcp_metric_set(tm, TCP_METRIC_CWND, tp.snd_cwnd);
		}
	} else if (!tcp_in_slow_start(tp) && icsk.icsk_ca_state === TCP_CA_Open) {
		if (save_ssthresh)
			tcp_metric_set(
				tm,
				TCP_METRIC_SSTHRESH,
				Math.max(tp.snd_cwnd >>> 1, tp.snd_ssthresh),
			);
		if (!tcp_metric_locked(tm, TCP_METRIC_CWND)) {
			val = tcp_metric_get(tm, TCP_METRIC_CWND);
			tcp_metric_set(tm, TCP_METRIC_CWND, (val + tp.snd_cwnd) >>> 1);
		}
	} else {
		if (!tcp_metric_locked(tm, TCP_METRIC_CWND)) {
			val = tcp_metric_get(tm, TCP_METRIC_CWND);
			tcp_metric_set(tm, TCP_METRIC_CWND, (val + tp.snd_ssthresh) >>> 1);
		}
		if (save_ssthresh) {
			val = tcp_metric_get(tm, TCP_METRIC_SSTHRESH);
			if (val !== 0 && tp.snd_ssthresh > val)
				tcp_metric_set(tm, TCP_METRIC_SSTHRESH, tp.snd_ssthresh);
		}
		if (!tcp_metric_locked(tm, TCP_METRIC_REORDERING)) {
			val = tcp_metric_get(tm, TCP_METRIC_REORDERING);
			if (val < tp.reordering && tp.reordering !== ipv4.sysctl_tcp_reordering)
				tcp_metric_set(tm, TCP_METRIC_REORDERING, tp.reordering);
		}
	}
	tm.tcpm_stamp = sk.machine.jiffies;
}

/**
 * Starts a connection from what is remembered of its peer.
 * @kernel net/ipv4/tcp_metrics.c:443 (v5.10)
 */
export function tcp_init_metrics(sk: sock): void {
	const dst = __sk_dst_get(sk);
	const tp = tcp_sk(sk);
	const ipv4 = sk.sk_net.ipv4;
	let crtt = 0;

	sk_dst_confirm(sk);
	const tm = dst !== null ? tcp_get_metrics(sk, dst, true) : null;
	if (tm !== null) {
		if (tcp_metric_locked(tm, TCP_METRIC_CWND))
			tp.snd_cwnd_clamp = tcp_metric_get(tm, TCP_METRIC_CWND);

		let val =
			ipv4.sysctl_tcp_no_ssthresh_metrics_save !== 0
				? 0
				: tcp_metric_get(tm, TCP_METRIC_SSTHRESH);
		if (val !== 0) {
			tp.snd_ssthresh = val;
			if (tp.snd_ssthresh > tp.snd_cwnd_clamp) tp.snd_ssthresh = tp.snd_cwnd_clamp;
		} else {
			tp.snd_ssthresh = TCP_INFINITE_SSTHRESH;
		}
		val = tcp_metric_get(tm, TCP_METRIC_REORDERING);
		if (val !== 0 && tp.reordering !== val) tp.reordering = val;

		crtt = tcp_metric_get(tm, TCP_METRIC_RTT);
	}

	/* A sample of the handshake is better than memory, unless memory says more. */
	if (crtt > tp.srtt_us) {
		crtt = Math.floor(crtt / ((8 * USEC_PER_SEC) / HZ));
		inet_csk(sk).icsk_rto = crtt + Math.max(2 * crtt, tcp_rto_min(sk));
	} else if (tp.srtt_us === 0) {
		tp.rttvar_us = jiffies_to_usecs(TCP_TIMEOUT_FALLBACK);
		tp.mdev_us = tp.mdev_max_us = tp.rttvar_us;

		inet_csk(sk).icsk_rto = TCP_TIMEOUT_FALLBACK;
	}
}

/**
 * Tells whether a connection with a request's peer was seen before.
 * @kernel net/ipv4/tcp_metrics.c:522 (v5.10)
 */
export function tcp_peer_is_proven(req: request_sock, dst: dst_entry | null): boolean {
	if (dst === null) return false;

	const tm = __tcp_get_metrics_req(req, dst);
	return tm !== null && tcp_metric_get(tm, TCP_METRIC_RTT) !== 0;
}
