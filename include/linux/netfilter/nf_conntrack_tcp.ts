/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/netfilter/nf_conntrack_tcp.h, base v5.10: what is kept about a tracked TCP connection.
 */
import { U32_ZERO } from '../types.ts';

/** What one end may send; sequence numbers are 32 bits, unsigned. */
export class ip_ct_tcp_state {
	/** Largest seq + len seen. */
	td_end = U32_ZERO;
	/** Largest ack + max(win, 1) seen. */
	td_maxend = U32_ZERO;
	/** Largest window seen, scaled. */
	td_maxwin = 0;
	/** Largest ack seen. */
	td_maxack = U32_ZERO;
	/** Window scale that this end announced. */
	td_scale = 0;
	/** IP_CT_TCP_FLAG_* and the others of that set; 8 bits. */
	flags = 0;
}

/** Private part of a TCP connection. */
export class ip_ct_tcp {
	/** By direction of the sender. */
	readonly seen: readonly [ip_ct_tcp_state, ip_ct_tcp_state] = [
		new ip_ct_tcp_state(),
		new ip_ct_tcp_state(),
	];
	/** TCP_CONNTRACK_*. */
	state = 0;
	/** Direction of the last packet. */
	last_dir = 0;
	/** Retransmissions of the last packet. */
	retrans = 0;
	/** Kind of the last packet, index of the state table. */
	last_index = 0;
	last_seq = U32_ZERO;
	last_ack = U32_ZERO;
	last_end = U32_ZERO;
	/** Unscaled. */
	last_win = 0;
	last_wscale = 0;
	last_flags = 0;
}
