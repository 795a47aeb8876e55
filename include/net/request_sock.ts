/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/request_sock.h, base v5.10: a connection request before there is a socket for it.
 *
 * PORT: a request_sock is a sock_common like a full socket, so that the established hash can hold both; the
 * rsk_* and ireq_* names of the common part are the sk_* ones. reqsk_alloc(), reqsk_free() and reqsk_put()
 * need net/core/sock.c and live in net/core/request_sock.ts; request_sock_ops.obj_size and its slab are a
 * function that makes the object.
 * Not ported: fast open (struct fastopen_queue), saved SYN headers, security ids.
 */
import { U32_ZERO } from '../linux/types.ts';
import { sock_common, type proto, type sock } from './sock.ts';
import type { dst_entry } from './dst.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import type { timer_list } from '../linux/timer.ts';
import type { net } from './net_namespace.ts';
import type { ip_options_rcu } from './inet_sock.ts';
import type { ipv6_txoptions } from './ipv6.ts';
import type { __be16, __be32 } from '../linux/types.ts';

/** Operations of requests of one address family. */
export interface request_sock_ops {
	family: number;
	/** PORT: stands for obj_size and slab. */
	alloc: (net: net, prot: proto) => request_sock;
	/** Sends the SYN-ACK again; 0 or a negative errno. */
	rtx_syn_ack: (sk: sock, req: request_sock) => number;
	send_ack: (sk: sock, skb: sk_buff, req: request_sock) => void;
	send_reset: (sk: sock | null, skb: sk_buff) => void;
	destructor: (req: request_sock) => void;
	syn_ack_timeout: (req: request_sock) => void;
}

/** Small socket that stands for a connection request. */
export class request_sock extends sock_common {
	rsk_listener: sock | null = null;
	/** Largest window to advertise, bytes. */
	rsk_window_clamp = 0;
	/** Window advertised in the SYN-ACK, bytes. */
	rsk_rcv_wnd = 0;
	dl_next: request_sock | null = null;
	mss = 0;
	num_retrans = 0;
	num_timeout = 0;
	ts_recent = U32_ZERO;
	rsk_timer: timer_list | null = null;
	rsk_ops: request_sock_ops | null = null;
	/** The child, once there is one. */
	sk: sock | null = null;
}

/** A connection request over IPv4 or IPv6; include/net/inet_sock.h. */
export class inet_request_sock extends request_sock {
	/** Shift of windows that the peer sends. */
	snd_wscale = 0;
	rcv_wscale = 0;
	tstamp_ok = false;
	sack_ok = false;
	wscale_ok = false;
	ecn_ok = false;
	acked = false;
	no_srccheck = false;
	ir_mark = 0;
	ireq_opt: ip_options_rcu | null = null;
	ipv6_opt: ipv6_txoptions | null = null;
	/** The SYN, kept for the options its packet carried. */
	pktopts: sk_buff | null = null;

	get ir_loc_addr(): __be32 {
		return this.sk_rcv_saddr;
	}
	/** Local port, host order. */
	get ir_num(): number {
		return this.sk_num;
	}
	set ir_num(v: number) {
		this.sk_num = v;
	}
	get ir_rmt_addr(): __be32 {
		return this.sk_daddr;
	}
	get ir_rmt_port(): __be16 {
		return this.sk_dport;
	}
	set ir_rmt_port(v: __be16) {
		this.sk_dport = v;
	}
	get ir_iif(): number {
		return this.sk_bound_dev_if;
	}
	set ir_iif(v: number) {
		this.sk_bound_dev_if = v;
	}
	get ir_v6_rmt_addr(): Uint8Array {
		return this.sk_v6_daddr;
	}
	get ir_v6_loc_addr(): Uint8Array {
		return this.sk_v6_rcv_saddr;
	}
}

/**
 * Reads a request as one of the Internet families.
 * @kernel include/net/inet_sock.h:103 (v5.10)
 */
export function inet_rsk(sk: request_sock): inet_request_sock {
	return sk as inet_request_sock;
}

/**
 * Reads a socket of the hash as the request it is.
 * @param sk in state TCP_NEW_SYN_RECV
 * @kernel include/net/request_sock.h:75 (v5.10)
 */
export function inet_reqsk(sk: sock_common): request_sock {
	return sk as request_sock;
}

/**
 * Reads a request as a socket, for code that touches the common part only.
 * @kernel include/net/request_sock.h:80 (v5.10)
 */
export function req_to_sk(req: request_sock): sock {
	return (req as sock_common) as sock;
}

/** Requests of a listener: how many wait for an ACK, and which are ready to accept. */
export class request_sock_queue {
	/** TCP_DEFER_ACCEPT in SYN-ACK retransmits. */
	rskq_defer_accept = 0;
	synflood_warned = 0;
	qlen = 0;
	/** Requests whose SYN-ACK was never repeated. */
	young = 0;
	rskq_accept_head: request_sock | null = null;
	rskq_accept_tail: request_sock | null = null;
}

/**
 * Tells whether nothing waits to be accepted.
 * @kernel include/net/request_sock.h:193 (v5.10)
 */
export function reqsk_queue_empty(queue: request_sock_queue): boolean {
	return queue.rskq_accept_head === null;
}

/**
 * Takes the oldest finished request off the accept queue.
 * @returns the request or null
 * @kernel include/net/request_sock.h:198 (v5.10)
 */
export function reqsk_queue_remove(queue: request_sock_queue, parent: sock): request_sock | null {
	const req = queue.rskq_accept_head;

	if (req !== null) {
		parent.sk_ack_backlog--;
		queue.rskq_accept_head = req.dl_next;
		if (queue.rskq_accept_head === null) queue.rskq_accept_tail = null;
	}
	return req;
}

/**
 * Counts a request that is no longer pending.
 * @kernel include/net/request_sock.h:215 (v5.10)
 */
export function reqsk_queue_removed(queue: request_sock_queue, req: request_sock): void {
	if (req.num_timeout === 0) queue.young--;
	queue.qlen--;
}

/**
 * Counts a new request.
 * @kernel include/net/request_sock.h:223 (v5.10)
 */
export function reqsk_queue_added(queue: request_sock_queue): void {
	queue.young++;
	queue.qlen++;
}

/**
 * Requests that wait for the last ACK of the handshake.
 * @kernel include/net/request_sock.h:229 (v5.10)
 */
export function reqsk_queue_len(queue: request_sock_queue): number {
	return queue.qlen;
}

/**
 * Those of them whose SYN-ACK was sent once.
 * @kernel include/net/request_sock.h:234 (v5.10)
 */
export function reqsk_queue_len_young(queue: request_sock_queue): number {
	return queue.young;
}

/** Where a function of the address family puts a second result. */
export interface own_req_result {
	own_req: boolean;
}

export type syn_recv_sock_t = (
	sk: sock,
	skb: sk_buff,
	req: request_sock,
	dst: dst_entry | null,
	req_unhash: request_sock | null,
	own_req: own_req_result,
) => sock | null;
