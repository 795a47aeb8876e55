/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/inet_connection_sock.h, base v5.10: sockets of connection-oriented protocols.
 *
 * PORT: the timer inlines need net/core/sock.c and live at the top of net/ipv4/inet_connection_sock.ts.
 * icsk_ca_priv is an object that the congestion control makes at init.
 * Not ported: upper layer protocols (ULP), fast open.
 */
import { hlist_node } from '../linux/list.ts';
import { inet_sock } from './inet_sock.ts';
import type { sock } from './sock.ts';
import {
	reqsk_queue_added,
	reqsk_queue_len,
	request_sock_queue,
	type syn_recv_sock_t,
} from './request_sock.ts';
import type { inet_bind_bucket } from './inet_hashtables.ts';
import type { tcp_congestion_ops } from './tcp.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import type { sockopt_result, sockopt_value } from '../linux/socket.ts';
import type { timer_list } from '../linux/timer.ts';

/** What differs between TCP over IPv4 and over IPv6. */
export interface inet_connection_sock_af_ops {
	/** Gives a segment to the network layer; 0, NET_XMIT_* or a negative errno. */
	queue_xmit: (sk: sock, skb: sk_buff) => number;
	send_check: (sk: sock, skb: sk_buff) => void;
	rebuild_header: (sk: sock) => number;
	sk_rx_dst_set: ((sk: sock, skb: sk_buff) => void) | null;
	conn_request: (sk: sock, skb: sk_buff) => number;
	syn_recv_sock: syn_recv_sock_t;
	/** Bytes. */
	net_header_len: number;
	net_frag_header_len: number;
	setsockopt: (sk: sock, level: number, optname: number, optval: sockopt_value) => number;
	getsockopt: (sk: sock, level: number, optname: number, res: sockopt_result) => number;
	mtu_reduced: (sk: sock) => void;
}

/** Delayed ACK state. */
export class inet_csk_ack {
	/** ICSK_ACK_* bits. */
	pending = 0;
	/** ACKs still to be sent without delay. */
	quick = 0;
	pingpong = 0;
	retry = 0;
	/** Jiffies. */
	ato = 0;
	timeout = 0;
	lrcvtime = 0;
	last_seg_size = 0;
	rcv_mss = 0;
}

/** Packetization layer path MTU discovery state. */
export class inet_csk_mtup {
	enabled = 0;
	search_high = 0;
	search_low = 0;
	probe_size = 0;
	probe_timestamp = 0;
}

/** Socket of a connection-oriented protocol. */
export class inet_connection_sock extends inet_sock {
	icsk_accept_queue = new request_sock_queue();
	icsk_bind_hash: inet_bind_bucket | null = null;
	/** Jiffies at which icsk_pending is due. */
	icsk_timeout = 0;
	icsk_retransmit_timer: timer_list | null = null;
	icsk_delack_timer: timer_list | null = null;
	/** Jiffies. */
	icsk_rto = 0;
	icsk_rto_min = 0;
	icsk_delack_max = 0;
	icsk_pmtu_cookie = 0;
	icsk_ca_ops: tcp_congestion_ops | null = null;
	icsk_af_ops: inet_connection_sock_af_ops | null = null;
	/** On the listener hash by port and address. */
	readonly icsk_listen_portaddr_node: hlist_node<inet_connection_sock> =
		new hlist_node<inet_connection_sock>(this);
	icsk_sync_mss: ((sk: sock, pmtu: number) => number) | null = null;
	icsk_ca_state = 0;
	icsk_ca_initialized = false;
	icsk_ca_setsockopt = false;
	icsk_ca_dst_locked = false;
	icsk_retransmits = 0;
	/** ICSK_TIME_* of the retransmit timer, 0 for none. */
	icsk_pending = 0;
	icsk_backoff = 0;
	icsk_syn_retries = 0;
	icsk_probes_out = 0;
	icsk_ext_hdr_len = 0;
	icsk_ack = new inet_csk_ack();
	icsk_mtup = new inet_csk_mtup();
	icsk_probes_tstamp = 0;
	/** Milliseconds. */
	icsk_user_timeout = 0;
	icsk_ca_priv: object | null = null;
}

export const ICSK_TIME_RETRANS = 1;
export const ICSK_TIME_DACK = 2;
export const ICSK_TIME_PROBE0 = 3;
export const ICSK_TIME_EARLY_RETRANS = 4;
export const ICSK_TIME_LOSS_PROBE = 5;
export const ICSK_TIME_REO_TIMEOUT = 6;

/**
 * Reads a socket as a connection-oriented one.
 * @kernel include/net/inet_connection_sock.h:148 (v5.10)
 */
export function inet_csk(sk: sock): inet_connection_sock {
	return sk as inet_connection_sock;
}

export const ICSK_ACK_SCHED = 1;
export const ICSK_ACK_TIMER = 2;
export const ICSK_ACK_PUSHED = 4;
export const ICSK_ACK_PUSHED2 = 8;
export const ICSK_ACK_NOW = 16;

/**
 * Notes that an ACK is owed.
 * @kernel include/net/inet_connection_sock.h:176 (v5.10)
 */
export function inet_csk_schedule_ack(sk: sock): void {
	inet_csk(sk).icsk_ack.pending |= ICSK_ACK_SCHED;
}

/**
 * Tells whether an ACK is owed.
 * @kernel include/net/inet_connection_sock.h:181 (v5.10)
 */
export function inet_csk_ack_scheduled(sk: sock): boolean {
	return (inet_csk(sk).icsk_ack.pending & ICSK_ACK_SCHED) !== 0;
}

/**
 * Puts the delayed ACK state back to its beginning.
 * @kernel include/net/inet_connection_sock.h:186 (v5.10)
 */
export function inet_csk_delack_init(sk: sock): void {
	const ack = inet_csk(sk).icsk_ack;

	ack.pending = 0;
	ack.quick = 0;
	ack.pingpong = 0;
	ack.retry = 0;
	ack.ato = 0;
	ack.timeout = 0;
	ack.lrcvtime = 0;
	ack.last_seg_size = 0;
	ack.rcv_mss = 0;
}

/**
 * Retransmission timeout after back-off.
 * @param max_when upper bound, jiffies
 * @returns jiffies
 * @kernel include/net/inet_connection_sock.h:245 (v5.10)
 */
export function inet_csk_rto_backoff(icsk: inet_connection_sock, max_when: number): number {
	return Math.min(icsk.icsk_rto * 2 ** icsk.icsk_backoff, max_when);
}

/**
 * Counts a request into the queue of its listener.
 * @kernel include/net/inet_connection_sock.h:272 (v5.10)
 */
export function inet_csk_reqsk_queue_added(sk: sock): void {
	reqsk_queue_added(inet_csk(sk).icsk_accept_queue);
}

/**
 * Pending requests of a listener.
 * @kernel include/net/inet_connection_sock.h:277 (v5.10)
 */
export function inet_csk_reqsk_queue_len(sk: sock): number {
	return reqsk_queue_len(inet_csk(sk).icsk_accept_queue);
}

/**
 * Tells whether a listener takes no more requests.
 * @kernel include/net/inet_connection_sock.h:282 (v5.10)
 */
export function inet_csk_reqsk_queue_is_full(sk: sock): boolean {
	return inet_csk_reqsk_queue_len(sk) >= sk.sk_max_ack_backlog;
}

export const TCP_PINGPONG_THRESH = 3;

/**
 * Takes the session for an interactive one: ACKs may wait for data to ride on.
 * @kernel include/net/inet_connection_sock.h:322 (v5.10)
 */
export function inet_csk_enter_pingpong_mode(sk: sock): void {
	inet_csk(sk).icsk_ack.pingpong = TCP_PINGPONG_THRESH;
}

/**
 * Takes the session for a one-way one.
 * @kernel include/net/inet_connection_sock.h:327 (v5.10)
 */
export function inet_csk_exit_pingpong_mode(sk: sock): void {
	inet_csk(sk).icsk_ack.pingpong = 0;
}

/**
 * Tells whether the session is interactive.
 * @kernel include/net/inet_connection_sock.h:332 (v5.10)
 */
export function inet_csk_in_pingpong_mode(sk: sock): boolean {
	return inet_csk(sk).icsk_ack.pingpong >= TCP_PINGPONG_THRESH;
}

/**
 * Counts one more sign of an interactive session.
 * @kernel include/net/inet_connection_sock.h:337 (v5.10)
 */
export function inet_csk_inc_pingpong_cnt(sk: sock): void {
	const ack = inet_csk(sk).icsk_ack;

	if (ack.pingpong < 255) ack.pingpong++;
}
