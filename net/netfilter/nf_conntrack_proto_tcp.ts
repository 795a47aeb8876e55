// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_conntrack_proto_tcp.c, base v5.10: the state and the windows of a TCP connection as a
 * machine in the middle sees them.
 *
 * The table says what a kind of segment, in a direction and a state, makes of the state. A segment must
 * besides lie in the windows that both ends have announced (tcp_in_window). What does not fit is invalid,
 * and the packet goes on without connection.
 *
 * Not ported: synproxy, sequence adjustment (no helper changes lengths), timeout policies, events.
 */
import type { net } from '../../include/net/net_namespace.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import type { nf_hook_state } from '../../include/linux/netfilter.ts';
import { HZ } from '../../include/linux/machine.ts';
import { get_unaligned_be16, get_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import {
	TCPHDR_ACK,
	TCPHDR_ack_seq,
	TCPHDR_CWR,
	TCPHDR_doff,
	TCPHDR_ECE,
	TCPHDR_FIN,
	TCPHDR_flags,
	TCPHDR_LEN,
	TCPHDR_PSH,
	TCPHDR_RST,
	TCPHDR_seq,
	TCPHDR_SYN,
	TCPHDR_URG,
	TCPHDR_window,
} from '../../include/uapi/linux/tcp.ts';
import {
	after,
	before,
	TCP_MAX_WSCALE,
	TCPOLEN_SACK_BASE,
	TCPOLEN_SACK_PERBLOCK,
	TCPOLEN_SACK_PERM,
	TCPOLEN_TIMESTAMP,
	TCPOLEN_TSTAMP_ALIGNED,
	TCPOLEN_WINDOW,
	TCPOPT_EOL,
	TCPOPT_NOP,
	TCPOPT_SACK,
	TCPOPT_SACK_PERM,
	TCPOPT_TIMESTAMP,
	TCPOPT_WINDOW,
} from '../../include/net/tcp.ts';
import { IPPROTO_TCP } from '../../include/uapi/linux/in.ts';
import {
	NF_ACCEPT,
	NF_DROP,
	NF_INET_PRE_ROUTING,
	NF_REPEAT,
} from '../../include/uapi/linux/netfilter.ts';
import {
	IPS_ASSURED,
	IPS_OFFLOAD,
	IPS_SEEN_REPLY,
} from '../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import {
	CTINFO2DIR,
	IP_CT_DIR_ORIGINAL,
	IP_CT_DIR_REPLY,
} from '../../include/uapi/linux/netfilter/nf_conntrack_tuple_common.ts';
import {
	IP_CT_EXP_CHALLENGE_ACK,
	IP_CT_TCP_FLAG_BE_LIBERAL,
	IP_CT_TCP_FLAG_CLOSE_INIT,
	IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED,
	IP_CT_TCP_FLAG_MAXACK_SET,
	IP_CT_TCP_FLAG_SACK_PERM,
	IP_CT_TCP_FLAG_WINDOW_SCALE,
	IP_CT_TCP_SIMULTANEOUS_OPEN,
	TCP_CONNTRACK_CLOSE,
	TCP_CONNTRACK_CLOSE_WAIT,
	TCP_CONNTRACK_ESTABLISHED,
	TCP_CONNTRACK_FIN_WAIT,
	TCP_CONNTRACK_IGNORE,
	TCP_CONNTRACK_LAST_ACK,
	TCP_CONNTRACK_MAX,
	TCP_CONNTRACK_NONE,
	TCP_CONNTRACK_RETRANS,
	TCP_CONNTRACK_SYN_RECV,
	TCP_CONNTRACK_SYN_SENT,
	TCP_CONNTRACK_SYN_SENT2,
	TCP_CONNTRACK_TIME_WAIT,
	TCP_CONNTRACK_TIMEOUT_MAX,
	TCP_CONNTRACK_UNACK,
} from '../../include/uapi/linux/netfilter/nf_conntrack_tcp.ts';
import {
	CTA_PROTOINFO_TCP,
	CTA_PROTOINFO_TCP_FLAGS_ORIGINAL,
	CTA_PROTOINFO_TCP_FLAGS_REPLY,
	CTA_PROTOINFO_TCP_STATE,
	CTA_PROTOINFO_TCP_WSCALE_ORIGINAL,
	CTA_PROTOINFO_TCP_WSCALE_REPLY,
} from '../../include/uapi/linux/netfilter/nfnetlink_conntrack.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import {
	nla_data,
	nla_get_u8,
	nla_nest_start,
	nla_parse_nested,
	nla_put,
	nla_put_u8,
	type nlattrs,
} from '../../include/net/netlink.ts';
import { ip_ct_tcp_state, type ip_ct_tcp } from '../../include/linux/netfilter/nf_conntrack_tcp.ts';
import {
	nf_ct_is_confirmed,
	nf_ct_net,
	type nf_conn,
} from '../../include/net/netfilter/nf_conntrack.ts';
import {
	nf_tcp_pernet,
	type nf_conntrack_l4proto,
} from '../../include/net/netfilter/nf_conntrack_l4proto.ts';
import { skb_header_pointer_off } from '../core/skbuff.ts';
import {
	nf_ct_kill,
	nf_ct_kill_acct,
	nf_ct_l4proto_log_invalid,
	nf_ct_port_nlattr_to_tuple,
	nf_ct_port_tuple_to_nlattr,
	nf_ct_refresh_acct,
	nf_l4proto_log_invalid,
} from './nf_conntrack_core.ts';
import { nf_checksum } from './utils.ts';

/* Nonzero: only resets out of the window are invalid. */
const nf_ct_tcp_be_liberal = 0;

/* Zero: a connection must be seen from its SYN on. */
const nf_ct_tcp_loose = 1;

/* Retransmissions without answer after which a shorter timeout holds. */
const nf_ct_tcp_max_retrans = 3;

const tcp_conntrack_names: readonly string[] = [
	'NONE',
	'SYN_SENT',
	'SYN_RECV',
	'ESTABLISHED',
	'FIN_WAIT',
	'CLOSE_WAIT',
	'LAST_ACK',
	'TIME_WAIT',
	'CLOSE',
	'SYN_SENT2',
];

const SECS = HZ;
const MINS = 60 * SECS;
const HOURS = 60 * MINS;
const DAYS = 24 * HOURS;

/* by TCP_CONNTRACK_* */
const tcp_timeouts: readonly number[] = [
	/* NONE */ 0,
	/* SYN_SENT */ 2 * MINS,
	/* SYN_RECV */ 60 * SECS,
	/* ESTABLISHED */ 5 * DAYS,
	/* FIN_WAIT */ 2 * MINS,
	/* CLOSE_WAIT */ 60 * SECS,
	/* LAST_ACK */ 30 * SECS,
	/* TIME_WAIT */ 2 * MINS,
	/* CLOSE */ 10 * SECS,
	/* SYN_SENT2 */ 2 * MINS,
	/* MAX */ 0,
	/* IGNORE */ 0,
	/* RETRANS */ 5 * MINS,
	/* UNACK */ 5 * MINS,
];

const sSS = TCP_CONNTRACK_SYN_SENT;
const sSR = TCP_CONNTRACK_SYN_RECV;
const sES = TCP_CONNTRACK_ESTABLISHED;
const sFW = TCP_CONNTRACK_FIN_WAIT;
const sCW = TCP_CONNTRACK_CLOSE_WAIT;
const sLA = TCP_CONNTRACK_LAST_ACK;
const sTW = TCP_CONNTRACK_TIME_WAIT;
const sCL = TCP_CONNTRACK_CLOSE;
const sS2 = TCP_CONNTRACK_SYN_SENT2;
const sIV = TCP_CONNTRACK_MAX;
const sIG = TCP_CONNTRACK_IGNORE;

/* enum tcp_bit_set: kinds of segments */
const TCP_SYN_SET = 0;
const TCP_SYNACK_SET = 1;
const TCP_FIN_SET = 2;
const TCP_ACK_SET = 3;
const TCP_RST_SET = 4;
const TCP_NONE_SET = 5;
const TCP_BIT_SETS = 6;

/*
 * New state by direction, kind and old state. sIV: invalid. sIG: let it pass without believing it; the
 * receiver knows better whether we are out of step, and its answer will tell.
 */
// prettier-ignore
const tcp_conntracks = Uint8Array.of(
/* ORIGINAL */
/*          sNO, sSS, sSR, sES, sFW, sCW, sLA, sTW, sCL, sS2 */
/*syn*/     sSS, sSS, sIG, sIG, sIG, sIG, sIG, sSS, sSS, sS2,
/*synack*/  sIV, sIV, sSR, sIV, sIV, sIV, sIV, sIV, sIV, sSR,
/*fin*/     sIV, sIV, sFW, sFW, sLA, sLA, sLA, sTW, sCL, sIV,
/*ack*/     sES, sIV, sES, sES, sCW, sCW, sTW, sTW, sCL, sIV,
/*rst*/     sIV, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL,
/*none*/    sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV,
/* REPLY */
/*          sNO, sSS, sSR, sES, sFW, sCW, sLA, sTW, sCL, sS2 */
/*syn*/     sIV, sS2, sIV, sIV, sIV, sIV, sIV, sSS, sIV, sS2,
/*synack*/  sIV, sSR, sIG, sIG, sIG, sIG, sIG, sIG, sIG, sSR,
/*fin*/     sIV, sIV, sFW, sFW, sLA, sLA, sLA, sTW, sCL, sIV,
/*ack*/     sIV, sIG, sSR, sES, sCW, sCW, sTW, sTW, sCL, sIG,
/*rst*/     sIV, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL, sCL,
/*none*/    sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV, sIV,
);

/**
 * New state of the table.
 * @param dir IP_CT_DIR_*
 * @param index TCP_*_SET
 * @param old_state TCP_CONNTRACK_*
 * @kernel PORT: index into tcp_conntracks, which is flat here
 */
function tcp_conntrack_next(dir: number, index: number, old_state: number): number {
	return tcp_conntracks[(dir * TCP_BIT_SETS + index) * TCP_CONNTRACK_MAX + old_state];
}

/**
 * Text of a connection's state.
 * @kernel net/netfilter/nf_conntrack_proto_tcp.c:274 (v5.10)
 */
function tcp_print_conntrack(ct: nf_conn): string {
	if ((ct.status & IPS_OFFLOAD) !== 0) return '';
	return `${tcp_conntrack_names[ct.proto.tcp.state]} `;
}

/**
 * Kind of a segment.
 * @param flags TCPHDR_* flag bits
 * @returns TCP_*_SET
 * @kernel net/netfilter/nf_conntrack_proto_tcp.c:283 (v5.10)
 */
function get_conntrack_index(flags: number): number {
	if ((flags & TCPHDR_RST) !== 0) return TCP_RST_SET;
	if ((flags & TCPHDR_SYN) !== 0)
		return (flags & TCPHDR_ACK) !== 0 ? TCP_SYNACK_SET : TCP_SYN_SET;
	if ((flags & TCPHDR_FIN) !== 0) return TCP_FIN_SET;
	if ((flags & TCPHDR_ACK) !== 0) return TCP_ACK_SET;
	return TCP_NONE_SET;
}

/**
 * Bytes of a TCP header.
 * @param th its offset in skb.head
 * @kernel PORT: tcph->doff * 4
 */
function doff4(skb: sk_buff, th: number): number {
	return (skb.head[th + TCPHDR_doff] >> 4) * 4;
}

/**
 * Sequence number behind a segment.
 * @param len bytes of the packet from data on
 * @param dataoff of the TCP header, from data
 * @param th its offset in skb.head
 * @returns 32 bits, unsigned
 * @kernel net/netfilter/nf_conntrack_proto_tcp.c:321 (v5.10)
 */
function segment_seq_plus_len(
	seq: number,
	len: number,
	dataoff: number,
	skb: sk_buff,
	th: number,
): number {
	const flags = skb.head[th + TCPHDR_flags];
	return (
		(seq +
			len -
			dataoff -
			doff4(skb, th) +
			((flags & TCPHDR_SYN) !== 0 ? 1 : 0) +
			((flags & TCPHDR_FIN) !== 0 ? 1 : 0)) >>>
		0
	);
}

const MAXACKWINCONST = 66000;

/**
 * How far behind an ack may lie.
 * @kernel net/netfilter/nf_conntrack_proto_tcp.c:334 (v5.10)
 */
function MAXACKWINDOW(sender: ip_ct_tcp_state): number {
	return sender.td_maxwin > MAXACKWINCONST ? sender.td_maxwin : MAXACKWINCONST;
}

/**
 * Reads window scale and SACK permission out of a segment's options, if it has any.
 * @param th offset of the TCP header in skb.head, linear with its options
 * @kernel net/netfilter/nf_conntrack_proto_tcp.c:341 (v5.10)
 */
function tcp_options(skb: sk_buff, th: number, state: ip_ct_tcp_state): void {
	const h = skb.head;
	let length = doff4(skb, th) - TCPHDR_LEN;
	let ptr = th + TCPHDR_LEN;
	if (length === 0) return;
	state.td_scale = 0;
	state.flags = 0;
	while (length > 0) {
		const opcode = h[ptr++];
		switch (opcode) {
			case TCPOPT_EOL:
				return;
			case TCPOPT_NOP:
				length--;
				continue;
			default: {
				if (length < 2) return;
				const opsize = h[ptr++];
				if (opsize < 2) return;
				if (opsize > length) return;
				if (opcode === TCPOPT_SACK_PERM && opsize === TCPOLEN_SACK_PERM) {
					state.flags |= IP_CT_TCP_FLAG_SACK_PERM;
				} else if (opcode === TCPOPT_WINDOW && opsize === TCPOLEN_WINDOW) {
					state.td_scale = h[ptr];
					if (state.td_scale > TCP_MAX_WSCALE)
						state.td_scale = TCP_MAX_WSCALE;
					state.flags |= IP_CT_TCP_FLAG_WINDOW_SCALE;
				}
				ptr += opsize - 2;
				length -= opsize;
			}
		}
	}
}

/**
 * Highest right edge of a segment's SACK blocks, if it is beyond the ack.
 * @param th offset of the TCP header in skb.head, linear with its options
 * @param sack the ack
 * @returns 32 bits, unsigned
 * @kernel net/netfilter/nf_conntrack_proto_tcp.c:398 (v5.10)
 */
function tcp_sack(skb: sk_buff, th: number, sack: number): number {
	const h = skb.head;
	let length = doff4(skb, th) - TCPHDR_LEN;
	let ptr = th + TCPHDR_LEN;
	if (length === 0) return sack;
	/* Only a time stamp, the usual case. */
	if (
		length === TCPOLEN_TSTAMP_ALIGNED &&
		h[ptr] === TCPOPT_NOP &&
		h[ptr + 1] === TCPOPT_NOP &&
		h[ptr + 2] === TCPOPT_TIMESTAMP &&
		h[ptr + 3] === TCPOLEN_TIMESTAMP
	)
		return sack;
	while (length > 0) {
		const opcode = h[ptr++];
		switch (opcode) {
			case TCPOPT_EOL:
				return sack;
			case TCPOPT_NOP:
				length--;
				continue;
			default: {
				if (length < 2) return sack;
				const opsize = h[ptr++];
				if (opsize < 2) return sack;
				if (opsize > length) return sack;
				if (
					opcode === TCPOPT_SACK &&
					opsize >= TCPOLEN_SACK_BASE + TCPOLEN_SACK_PERBLOCK &&
					(opsize - TCPOLEN_SACK_BASE) % TCPOLEN_SACK_PERBLOCK === 0
				) {
					for (
						let i = 0;
						i < opsize - TCPOLEN_SACK_BASE;
						i += TCPOLEN_SACK_PERBLOCK
					) {
						const tmp = get_unaligned_be32(h, ptr + i + 4);
						if (after(tmp, sack)) sack = tmp;
					}
					return sack;
				}
				ptr += opsize - 2;
				length -= opsize;
			}
		}
	}
	return sack;
}

/**
 * Says why a segment is out of the windows.
 * @kernel PORT: the nested conditions in the call of nf_ct_l4proto_log_invalid in tcp_in_window
 */
function tcp_window_fault(
	seq_ok: boolean,
	in_recv_win: boolean,
	ack_low: boolean,
	ack_high: boolean,
): string {
	if (!seq_ok) return 'SEQ is over the upper bound (over the window of the receiver)';
	if (!in_recv_win) return 'SEQ is under the lower bound (already ACKed data retransmitted)';
	if (!ack_high) return 'ACK is over the upper bound (ACKed data not seen yet)';
	if (!ack_low) return 'ACK is under the lower bound (possible overly delayed ACK)';
	return 'BUG';
}

/**
 * Checks a segment against the windows and, when it fits, moves them.
 *
 * With td_end the highest seq + len an end has sent, td_maxend the highest ack + window that the other has
 * granted it, td_maxwin the largest window it has announced: data must begin below the sender's td_maxend
 * and end above its td_end less the receiver's td_maxwin; the ack, or the right edge of a SACK block, must
 * not be above the receiver's td_end nor too far below it.
 * @param dir IP_CT_DIR_* of the segment
 * @param index TCP_*_SET
 * @param dataoff of the TCP header, from data
 * @param th its offset in skb.head
 * @returns false when the segment is out of the windows
 * @kernel net/netfilter/nf_conntrack_proto_tcp.c:461 (v5.10)
 */
function tcp_in_window(
	ct: nf_conn,
	state: ip_ct_tcp,
	dir: number,
	index: number,
	skb: sk_buff,
	dataoff: number,
	th: number,
): boolean {
	const h = skb.head;
	const tn = nf_tcp_pernet(nf_ct_net(ct));
	const sender = state.seen[dir as 0 | 1];
	const receiver = state.seen[(1 - dir) as 0 | 1];
	const flags = h[th + TCPHDR_flags];

	let seq: number = get_unaligned_be32(h, th + TCPHDR_seq);
	let ack: number = get_unaligned_be32(h, th + TCPHDR_ack_seq);
	let sack = ack;
	const win_raw = get_unaligned_be16(h, th + TCPHDR_window);
	let win: number = win_raw;
	let end = segment_seq_plus_len(seq, skb.len, dataoff, skb, th);

	if ((receiver.flags & IP_CT_TCP_FLAG_SACK_PERM) !== 0) sack = tcp_sack(skb, th, sack);

	if (sender.td_maxwin === 0) {
		if ((flags & TCPHDR_SYN) !== 0) {
			/* The answer to a SYN, or a SYN from the other side at the same time. */
			sender.td_end = sender.td_maxend = end;
			sender.td_maxwin = win === 0 ? 1 : win;

			tcp_options(skb, th, sender);
			/* Windows are scaled only when both ends offer it. */
			if ((sender.flags & receiver.flags & IP_CT_TCP_FLAG_WINDOW_SCALE) === 0)
				sender.td_scale = receiver.td_scale = 0;
			if ((flags & TCPHDR_ACK) === 0) return true;
		} else {
			/* In the midst of a connection: take what the segment says. */
			sender.td_end = end;
			const swin = win << sender.td_scale;
			sender.td_maxwin = swin === 0 ? 1 : swin;
			sender.td_maxend = (end + sender.td_maxwin) >>> 0;
			if (receiver.td_maxwin === 0) {
				receiver.td_end = receiver.td_maxend = sack;
			} else if (sack === (receiver.td_end + 1) >>> 0) {
				/* Probably the answer to a keepalive. */
				receiver.td_end = (receiver.td_end + 1) >>> 0;
			}
		}
	} else if (
		((state.state === TCP_CONNTRACK_SYN_SENT && dir === IP_CT_DIR_ORIGINAL) ||
			(state.state === TCP_CONNTRACK_SYN_RECV && dir === IP_CT_DIR_REPLY)) &&
		after(end, sender.td_end)
	) {
		/* The end began anew with higher numbers. */
		sender.td_end = sender.td_maxend = end;
		sender.td_maxwin = win === 0 ? 1 : win;

		tcp_options(skb, th, sender);
	}

	if ((flags & TCPHDR_ACK) === 0) {
		ack = sack = receiver.td_end;
	} else if ((flags & TCPHDR_RST) !== 0 && ack === 0) {
		/* Some send resets with the flag set and nothing in the field. */
		ack = sack = receiver.td_end;
	}

	if ((flags & TCPHDR_RST) !== 0 && seq === 0 && state.state === TCP_CONNTRACK_SYN_SENT)
		seq = end = sender.td_end;

	const in_recv_win =
		receiver.td_maxwin === 0 ||
		after(end, (sender.td_end - receiver.td_maxwin - 1) >>> 0);
	const seq_ok = before(seq, (sender.td_maxend + 1) >>> 0);
	const ack_high = before(sack, (receiver.td_end + 1) >>> 0);
	const ack_low = after(sack, (receiver.td_end - MAXACKWINDOW(sender) - 1) >>> 0);

	if (seq_ok && in_recv_win && ack_high && ack_low) {
		if ((flags & TCPHDR_SYN) === 0) win = (win << sender.td_scale) >>> 0;

		/* sender */
		const swin = (win + (sack - ack)) >>> 0;
		if (sender.td_maxwin < swin) sender.td_maxwin = swin;
		if (after(end, sender.td_end)) {
			sender.td_end = end;
			sender.flags |= IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED;
		}
		if ((flags & TCPHDR_ACK) !== 0) {
			if ((sender.flags & IP_CT_TCP_FLAG_MAXACK_SET) === 0) {
				sender.td_maxack = ack;
				sender.flags |= IP_CT_TCP_FLAG_MAXACK_SET;
			} else if (after(ack, sender.td_maxack)) {
				sender.td_maxack = ack;
			}
		}

		/* receiver */
		if (receiver.td_maxwin !== 0 && after(end, sender.td_maxend))
			receiver.td_maxwin = (receiver.td_maxwin + (end - sender.td_maxend)) >>> 0;
		if (after((sack + win) >>> 0, (receiver.td_maxend - 1) >>> 0)) {
			receiver.td_maxend = (sack + win) >>> 0;
			if (win === 0) receiver.td_maxend = (receiver.td_maxend + 1) >>> 0;
		}
		if (ack === receiver.td_end) receiver.flags &= ~IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED;

		/* retransmissions */
		if (index === TCP_ACK_SET) {
			if (
				state.last_dir === dir &&
				state.last_seq === seq &&
				state.last_ack === ack &&
				state.last_end === end &&
				state.last_win === win_raw
			) {
				state.retrans = (state.retrans + 1) & 0xff;
			} else {
				state.last_dir = dir;
				state.last_seq = seq;
				state.last_ack = ack;
				state.last_end = end;
				state.last_win = win_raw;
				state.retrans = 0;
			}
		}
		return true;
	}

	if ((sender.flags & IP_CT_TCP_FLAG_BE_LIBERAL) !== 0 || tn.tcp_be_liberal !== 0)
		return true;
	nf_ct_l4proto_log_invalid(
		skb,
		ct,
		tcp_window_fault(seq_ok, in_recv_win, ack_low, ack_high),
	);
	return false;
}

/* 1 for flags that go together; PSH, ECE and CWR may always be there */
const tcp_valid_flags = new Uint8Array(
	(TCPHDR_FIN | TCPHDR_SYN | TCPHDR_RST | TCPHDR_ACK | TCPHDR_URG) + 1,
);
tcp_valid_flags[TCPHDR_SYN] = 1;
tcp_valid_flags[TCPHDR_SYN | TCPHDR_URG] = 1;
tcp_valid_flags[TCPHDR_SYN | TCPHDR_ACK] = 1;
tcp_valid_flags[TCPHDR_RST] = 1;
tcp_valid_flags[TCPHDR_RST | TCPHDR_ACK] = 1;
tcp_valid_flags[TCPHDR_FIN | TCPHDR_ACK] = 1;
tcp_valid_flags[TCPHDR_FIN | TCPHDR_ACK | TCPHDR_URG] = 1;
tcp_valid_flags[TCPHDR_ACK] = 1;
tcp_valid_flags[TCPHDR_ACK | TCPHDR_URG] = 1;

/**
 * Logs a broken segment, when the namespace wants that.
 * @kernel net/netfilter/nf_conntrack_proto_tcp.c:721 (v5.10)
 */
function tcp_error_log(skb: sk_buff, state: nf_hook_state, msg: string): void {
	nf_l4proto_log_invalid(skb, state.net, state.pf, IPPROTO_TCP, msg);
}

/**
 * Tells whether a segment is broken: short, with a wrong checksum, with flags that do not go together.
 * @param th offset of the TCP header in skb.head
 * @kernel net/netfilter/nf_conntrack_proto_tcp.c:729 (v5.10)
 */
function tcp_error(th: number, skb: sk_buff, dataoff: number, state: nf_hook_state): boolean {
	const tcplen = skb.len - dataoff;
	const hdrlen = doff4(skb, th);
	if (hdrlen < TCPHDR_LEN || tcplen < hdrlen) {
		tcp_error_log(skb, state, 'truncated packet');
		return true;
	}

	/* What goes out is taken to be right. */
	if (
		state.net.ct.sysctl_checksum !== 0 &&
		state.hook === NF_INET_PRE_ROUTING &&
		nf_checksum(skb, state.hook, dataoff, IPPROTO_TCP, state.pf) !== 0
	) {
		tcp_error_log(skb, state, 'bad checksum');
		return true;
	}

	const tcpflags =
		skb.head[th + TCPHDR_flags] & ~(TCPHDR_ECE | TCPHDR_CWR | TCPHDR_PSH) & 0xff;
	if (tcp_valid_flags[tcpflags] === 0) {
		tcp_error_log(skb, state, 'invalid tcp flag combination');
		return true;
	}
	return false;
}

/**
 * Empties the record of one end.
 * @kernel PORT: memset of struct ip_ct_tcp_state
 */
function tcp_state_clear(s: ip_ct_tcp_state): void {
	s.td_end = 0;
	s.td_maxend = 0;
	s.td_maxwin = 0;
	s.td_maxack = 0;
	s.td_scale = 0;
	s.flags = 0;
}

/**
 * Empties the private part of a connection.
 * @kernel PORT: memset of struct ip_ct_tcp
 */
function tcp_clear(t: ip_ct_tcp): void {
	tcp_state_clear(t.seen[0]);
	tcp_state_clear(t.seen[1]);
	t.state = 0;
	t.last_dir = 0;
	t.retrans = 0;
	t.last_index = 0;
	t.last_seq = 0;
	t.last_ack = 0;
	t.last_end = 0;
	t.last_win = 0;
	t.last_wscale = 0;
	t.last_flags = 0;
}

/**
 * Begins a connection with its first segment seen, which need not be a SYN when the namespace is loose.
 * @param th offset of the TCP header in skb.head
 * @returns false when no connection begins so
 * @kernel net/netfilter/nf_conntrack_proto_tcp.c:765 (v5.10)
 */
function tcp_new(ct: nf_conn, skb: sk_buff, dataoff: number, th: number): boolean {
	const tn = nf_tcp_pernet(nf_ct_net(ct));
	const h = skb.head;
	const { tcp } = ct.proto;
	const new_state = tcp_conntrack_next(
		0,
		get_conntrack_index(h[th + TCPHDR_flags]),
		TCP_CONNTRACK_NONE,
	);
	if (new_state >= TCP_CONNTRACK_MAX) return false;

	const seq = get_unaligned_be32(h, th + TCPHDR_seq);
	if (new_state === TCP_CONNTRACK_SYN_SENT) {
		tcp_clear(tcp);
		const sender = tcp.seen[0];
		sender.td_end = segment_seq_plus_len(seq, skb.len, dataoff, skb, th);
		sender.td_maxwin = get_unaligned_be16(h, th + TCPHDR_window);
		if (sender.td_maxwin === 0) sender.td_maxwin = 1;
		sender.td_maxend = sender.td_end;

		tcp_options(skb, th, sender);
	} else if (tn.tcp_loose === 0) {
		return false;
	} else {
		tcp_clear(tcp);
		/* In the midst of a connection: take what the segment says. */
		const sender = tcp.seen[0];
		sender.td_end = segment_seq_plus_len(seq, skb.len, dataoff, skb, th);
		sender.td_maxwin = get_unaligned_be16(h, th + TCPHDR_window);
		if (sender.td_maxwin === 0) sender.td_maxwin = 1;
		sender.td_maxend = (sender.td_end + sender.td_maxwin) >>> 0;

		/* The scale is not known: let everything pass. */
		tcp.seen[0].flags = tcp.seen[1].flags =
			IP_CT_TCP_FLAG_SACK_PERM | IP_CT_TCP_FLAG_BE_LIBERAL;
	}
	tcp.last_index = TCP_NONE_SET;
	return true;
}

/**
 * Tells whether data has gone both ways.
 * @kernel net/netfilter/nf_conntrack_proto_tcp.c:837 (v5.10)
 */
function nf_conntrack_tcp_established(ct: nf_conn): boolean {
	return ct.proto.tcp.state === TCP_CONNTRACK_ESTABLISHED && (ct.status & IPS_ASSURED) !== 0;
}

/**
 * Takes a segment into its connection.
 * @param dataoff of the TCP header, from data
 * @returns NF_ACCEPT; -NF_ACCEPT: invalid; -NF_REPEAT: the connection is gone, look up again; NF_DROP
 * @kernel net/netfilter/nf_conntrack_proto_tcp.c:844 (v5.10)
 */
export function nf_conntrack_tcp_packet(
	ct: nf_conn,
	skb: sk_buff,
	dataoff: number,
	ctinfo: number,
	state: nf_hook_state,
): number {
	const tn = nf_tcp_pernet(nf_ct_net(ct));
	const { tcp } = ct.proto;

	let th = skb_header_pointer_off(skb, dataoff, TCPHDR_LEN);
	if (th < 0) return -NF_ACCEPT;

	if (tcp_error(th, skb, dataoff, state)) return -NF_ACCEPT;
	/* PORT: with the options, so that nothing moves any more */
	th = skb_header_pointer_off(skb, dataoff, doff4(skb, th));
	if (th < 0) return -NF_ACCEPT;

	if (!nf_ct_is_confirmed(ct) && !tcp_new(ct, skb, dataoff, th)) return -NF_ACCEPT;

	const h = skb.head;
	const flags = h[th + TCPHDR_flags];
	let old_state = tcp.state;
	const dir = CTINFO2DIR(ctinfo) as 0 | 1;
	const other = (1 - dir) as 0 | 1;
	const index = get_conntrack_index(flags);
	let new_state = tcp_conntrack_next(dir, index, old_state);

	in_window: {
		switch (new_state) {
			case TCP_CONNTRACK_SYN_SENT:
				if (old_state < TCP_CONNTRACK_TIME_WAIT) break;
				/* A SYN where there was a connection: it was closed, or the client has given it up. */
				if (
					((tcp.seen[0].flags | tcp.seen[1].flags) &
						IP_CT_TCP_FLAG_CLOSE_INIT) !==
						0 ||
					(tcp.last_dir === dir && tcp.last_index === TCP_RST_SET)
				) {
					if (nf_ct_kill(ct)) return -NF_REPEAT;
					return NF_DROP;
				}
			/* fallthrough */
			case TCP_CONNTRACK_IGNORE:
				if (
					index === TCP_SYNACK_SET &&
					tcp.last_index === TCP_SYN_SET &&
					tcp.last_dir !== dir &&
					get_unaligned_be32(h, th + TCPHDR_ack_seq) === tcp.last_end
				) {
					/* It acknowledges a SYN that was ignored: both ends agree, so follow them. */
					const last = tcp.seen[tcp.last_dir as 0 | 1];
					old_state = TCP_CONNTRACK_SYN_SENT;
					new_state = TCP_CONNTRACK_SYN_RECV;
					last.td_end = tcp.last_end;
					last.td_maxend = tcp.last_end;
					last.td_maxwin = tcp.last_win === 0 ? 1 : tcp.last_win;
					last.td_scale = tcp.last_wscale;
					tcp.last_flags &= ~IP_CT_EXP_CHALLENGE_ACK;
					last.flags = tcp.last_flags;
					tcp_state_clear(tcp.seen[dir]);
					break;
				}
				tcp.last_index = index;
				tcp.last_dir = dir;
				tcp.last_seq = get_unaligned_be32(h, th + TCPHDR_seq);
				tcp.last_end = segment_seq_plus_len(
					tcp.last_seq,
					skb.len,
					dataoff,
					skb,
					th,
				);
				tcp.last_win = get_unaligned_be16(h, th + TCPHDR_window);

				/* Keep a SYN's options for the case that it gets an answer. */
				if (index === TCP_SYN_SET && dir === IP_CT_DIR_ORIGINAL) {
					const seen = new ip_ct_tcp_state();
					tcp.last_flags = tcp.last_wscale = 0;
					tcp_options(skb, th, seen);
					if ((seen.flags & IP_CT_TCP_FLAG_WINDOW_SCALE) !== 0) {
						tcp.last_flags |= IP_CT_TCP_FLAG_WINDOW_SCALE;
						tcp.last_wscale = seen.td_scale;
					}
					if ((seen.flags & IP_CT_TCP_FLAG_SACK_PERM) !== 0)
						tcp.last_flags |= IP_CT_TCP_FLAG_SACK_PERM;
					/* The answer may be a challenge ACK, which does not acknowledge the last FIN. */
					if (old_state === TCP_CONNTRACK_LAST_ACK)
						tcp.last_flags |= IP_CT_EXP_CHALLENGE_ACK;
				}
				nf_ct_l4proto_log_invalid(
					skb,
					ct,
					`invalid packet ignored in state ${tcp_conntrack_names[old_state]} `,
				);
				return NF_ACCEPT;
			case TCP_CONNTRACK_MAX:
				nf_ct_l4proto_log_invalid(skb, ct, 'invalid state');
				return -NF_ACCEPT;
			case TCP_CONNTRACK_TIME_WAIT:
				if (
					old_state === TCP_CONNTRACK_LAST_ACK &&
					index === TCP_ACK_SET &&
					tcp.last_dir !== dir &&
					tcp.last_index === TCP_SYN_SET &&
					(tcp.last_flags & IP_CT_EXP_CHALLENGE_ACK) !== 0
				) {
					tcp.last_flags &= ~IP_CT_EXP_CHALLENGE_ACK;
					nf_ct_l4proto_log_invalid(skb, ct, 'challenge-ack ignored');
					return NF_ACCEPT;
				}
				break;
			case TCP_CONNTRACK_SYN_SENT2:
				tcp.last_flags |= IP_CT_TCP_SIMULTANEOUS_OPEN;
				break;
			case TCP_CONNTRACK_SYN_RECV:
				if (
					dir === IP_CT_DIR_REPLY &&
					index === TCP_ACK_SET &&
					(tcp.last_flags & IP_CT_TCP_SIMULTANEOUS_OPEN) !== 0
				)
					new_state = TCP_CONNTRACK_ESTABLISHED;
				break;
			case TCP_CONNTRACK_CLOSE:
				if (index !== TCP_RST_SET) break;

				if ((tcp.seen[other].flags & IP_CT_TCP_FLAG_MAXACK_SET) !== 0) {
					const seq = get_unaligned_be32(h, th + TCPHDR_seq);

					if (before(seq, tcp.seen[other].td_maxack)) {
						nf_ct_l4proto_log_invalid(skb, ct, 'invalid rst');
						return -NF_ACCEPT;
					}

					if (
						!nf_conntrack_tcp_established(ct) ||
						seq === tcp.seen[other].td_maxack
					)
						break;

					/* Right behind the sender's last data? */
					if (
						tcp.last_index === TCP_ACK_SET &&
						tcp.last_dir === dir &&
						seq === tcp.last_end
					)
						break;

					/* Not exactly where it belongs: the receiver may challenge it. */
					new_state = old_state;
				}
				if (
					(((ct.status & IPS_SEEN_REPLY) !== 0 &&
						tcp.last_index === TCP_SYN_SET) ||
						((ct.status & IPS_ASSURED) === 0 &&
							tcp.last_index === TCP_ACK_SET)) &&
					get_unaligned_be32(h, th + TCPHDR_ack_seq) === tcp.last_end
				) {
					/* It answers a segment that was ignored; the windows say nothing about it. */
					break in_window;
				}
				break;
		}

		if (!tcp_in_window(ct, tcp, dir, index, skb, dataoff, th)) return -NF_ACCEPT;
	}

	tcp.last_index = index;
	tcp.last_dir = dir;

	tcp.state = new_state;
	if (old_state !== new_state && new_state === TCP_CONNTRACK_FIN_WAIT)
		tcp.seen[dir].flags |= IP_CT_TCP_FLAG_CLOSE_INIT;

	const { timeouts } = tn;
	let timeout: number;
	if (
		tcp.retrans >= tn.tcp_max_retrans &&
		timeouts[new_state] > timeouts[TCP_CONNTRACK_RETRANS]
	)
		timeout = timeouts[TCP_CONNTRACK_RETRANS];
	else if (index === TCP_RST_SET) timeout = timeouts[TCP_CONNTRACK_CLOSE];
	else if (
		((tcp.seen[0].flags | tcp.seen[1].flags) & IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED) !==
			0 &&
		timeouts[new_state] > timeouts[TCP_CONNTRACK_UNACK]
	)
		timeout = timeouts[TCP_CONNTRACK_UNACK];
	else if (tcp.last_win === 0 && timeouts[new_state] > timeouts[TCP_CONNTRACK_RETRANS])
		timeout = timeouts[TCP_CONNTRACK_RETRANS];
	else timeout = timeouts[new_state];

	if ((ct.status & IPS_SEEN_REPLY) === 0) {
		/* Refused at once: nothing to keep. */
		if ((flags & TCPHDR_RST) !== 0) {
			nf_ct_kill_acct(ct, ctinfo, skb);
			return NF_ACCEPT;
		}
		/* Picked up in its midst and only one side seen: not for days. */
		if (
			new_state === TCP_CONNTRACK_ESTABLISHED &&
			timeout > timeouts[TCP_CONNTRACK_UNACK]
		)
			timeout = timeouts[TCP_CONNTRACK_UNACK];
	} else if (
		(ct.status & IPS_ASSURED) === 0 &&
		(old_state === TCP_CONNTRACK_SYN_RECV || old_state === TCP_CONNTRACK_ESTABLISHED) &&
		new_state === TCP_CONNTRACK_ESTABLISHED
	) {
		ct.status |= IPS_ASSURED;
	}
	nf_ct_refresh_acct(ct, ctinfo, skb, timeout);
	return NF_ACCEPT;
}

/**
 * Tells whether an assured connection is closing and may go when the table is full.
 * @kernel net/netfilter/nf_conntrack_proto_tcp.c:1173 (v5.10)
 */
function tcp_can_early_drop(ct: nf_conn): boolean {
	switch (ct.proto.tcp.state) {
		case TCP_CONNTRACK_FIN_WAIT:
		case TCP_CONNTRACK_LAST_ACK:
		case TCP_CONNTRACK_TIME_WAIT:
		case TCP_CONNTRACK_CLOSE:
		case TCP_CONNTRACK_CLOSE_WAIT:
			return true;
	}
	return false;
}

/**
 * Writes the private part as attributes.
 * @kernel net/netfilter/nf_conntrack_proto_tcp.c:1194 (v5.10)
 */
function tcp_to_nlattr(nla: nlattrs, ct: nf_conn): void {
	const { tcp } = ct.proto;
	const nest_parms = nla_nest_start(nla, CTA_PROTOINFO_TCP);
	nla_put_u8(nest_parms, CTA_PROTOINFO_TCP_STATE, tcp.state);
	nla_put_u8(nest_parms, CTA_PROTOINFO_TCP_WSCALE_ORIGINAL, tcp.seen[0].td_scale);
	nla_put_u8(nest_parms, CTA_PROTOINFO_TCP_WSCALE_REPLY, tcp.seen[1].td_scale);
	nla_put(nest_parms, CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, Uint8Array.of(tcp.seen[0].flags, 0));
	nla_put(nest_parms, CTA_PROTOINFO_TCP_FLAGS_REPLY, Uint8Array.of(tcp.seen[1].flags, 0));
}

/**
 * Sets flags of one end from an attribute: flags and mask, a byte each.
 * @kernel PORT: the part that nlattr_to_tcp has twice
 */
function tcp_set_flags(s: ip_ct_tcp_state, attr: Uint8Array | null): void {
	if (attr === null || attr.length < 2) return;
	const [flags, mask] = attr;
	s.flags = (s.flags & ~mask) | (flags & mask);
}

/**
 * Sets the private part from attributes.
 * @returns 0, or -EINVAL for a state that does not exist
 * @kernel net/netfilter/nf_conntrack_proto_tcp.c:1246 (v5.10)
 */
function nlattr_to_tcp(cda: nlattrs, ct: nf_conn): number {
	const { tcp } = ct.proto;
	const tb = nla_parse_nested(cda, CTA_PROTOINFO_TCP);
	if (tb === null) return 0;

	const state = nla_get_u8(tb, CTA_PROTOINFO_TCP_STATE);
	if (state !== null && state >= TCP_CONNTRACK_MAX) return -EINVAL;
	if (state !== null) tcp.state = state;

	tcp_set_flags(tcp.seen[0], nla_data(tb, CTA_PROTOINFO_TCP_FLAGS_ORIGINAL));
	tcp_set_flags(tcp.seen[1], nla_data(tb, CTA_PROTOINFO_TCP_FLAGS_REPLY));

	const wscale0 = nla_get_u8(tb, CTA_PROTOINFO_TCP_WSCALE_ORIGINAL);
	const wscale1 = nla_get_u8(tb, CTA_PROTOINFO_TCP_WSCALE_REPLY);
	if (
		wscale0 !== null &&
		wscale1 !== null &&
		(tcp.seen[0].flags & tcp.seen[1].flags & IP_CT_TCP_FLAG_WINDOW_SCALE) !== 0
	) {
		tcp.seen[0].td_scale = wscale0;
		tcp.seen[1].td_scale = wscale1;
	}
	return 0;
}

/**
 * Gives a namespace its settings.
 * @kernel net/netfilter/nf_conntrack_proto_tcp.c:1426 (v5.10)
 */
export function nf_conntrack_tcp_init_net(net: net): void {
	const tn = nf_tcp_pernet(net);
	for (let i = 0; i < TCP_CONNTRACK_TIMEOUT_MAX; i++) tn.timeouts[i] = tcp_timeouts[i];
	/* The first is unused; it has the timeout of new connections, as with other protocols. */
	tn.timeouts[0] = tcp_timeouts[TCP_CONNTRACK_SYN_SENT];
	tn.tcp_loose = nf_ct_tcp_loose;
	tn.tcp_be_liberal = nf_ct_tcp_be_liberal;
	tn.tcp_max_retrans = nf_ct_tcp_max_retrans;
}

export const nf_conntrack_l4proto_tcp: nf_conntrack_l4proto = {
	l4proto: IPPROTO_TCP,
	allow_clash: false,
	can_early_drop: tcp_can_early_drop,
	to_nlattr: tcp_to_nlattr,
	from_nlattr: nlattr_to_tcp,
	tuple_to_nlattr: nf_ct_port_tuple_to_nlattr,
	nlattr_to_tuple: nf_ct_port_nlattr_to_tuple,
	print_conntrack: tcp_print_conntrack,
	pkt_to_tuple: null,
	packet: nf_conntrack_tcp_packet,
	error: null,
};
