// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/tcp_minisocks.c, base v5.10: TIME_WAIT sockets, and requests that become connections.
 *
 * PORT: tcp_time_wait() is in net/ipv4/tcp_lib.ts and tcp_openreq_init_rwin() in net/ipv4/tcp_input.ts, both
 * below this file.
 * Not ported: fast open, MD5, SMC, MPTCP, BPF.
 */
import { type dst_entry, dst_metric, RTAX_CC_ALGO } from '../../include/net/dst.ts';
import { inet_csk } from '../../include/net/inet_connection_sock.ts';
import type { inet_timewait_sock } from '../../include/net/inet_timewait_sock.ts';
import {
	inet_rsk,
	type own_req_result,
	type request_sock,
} from '../../include/net/request_sock.ts';
import { NET_INC_STATS, TCP_INC_STATS } from '../../include/net/snmp.ts';
import { type sock, sock_flag, SOCK_KEEPOPEN, sock_owned_by_user } from '../../include/net/sock.ts';
import {
	after,
	before,
	keepalive_time_when,
	ktime_get_seconds,
	tcp_ca_dst_locked,
	TCP_CA_UNSPEC,
	TCP_ECN_OK,
	tcp_init_wl,
	tcp_jiffies32,
	tcp_paws_reject,
	TCP_RTO_MAX,
	tcp_segs_in,
	tcp_set_ca_state,
	TCP_SKB_CB,
	TCP_TIMEOUT_INIT,
	TCP_TIMEWAIT_LEN,
	TCP_TS_HZ,
	TCP_TW_ACK,
	TCP_TW_RST,
	TCP_TW_SUCCESS,
	TCP_TW_SYN,
	TCPOLEN_TSTAMP_ALIGNED,
} from '../../include/net/tcp.ts';
import { TCP_FIN_WAIT2, TCP_SYN_RECV, TCP_TIME_WAIT } from '../../include/net/tcp_states.ts';
import { get_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import { HZ, machine_var, USEC_PER_SEC } from '../../include/linux/machine.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import {
	tcp_hdrlen,
	tcp_options_received,
	tcp_rsk,
	tcp_sk,
	type tcp_sock,
	tcp_twsk,
} from '../../include/linux/tcp.ts';
import { mod_timer, timer_pending } from '../../include/linux/timer.ts';
import { minmax_reset } from '../../include/linux/win_minmax.ts';
import {
	LINUX_MIB_EMBRYONICRSTS,
	LINUX_MIB_PAWSESTABREJECTED,
	LINUX_MIB_TCPACKSKIPPEDFINWAIT2,
	LINUX_MIB_TCPACKSKIPPEDSYNRECV,
	LINUX_MIB_TCPACKSKIPPEDTIMEWAIT,
	LINUX_MIB_TCPDEFERACCEPTDROP,
	TCP_MIB_ATTEMPTFAILS,
	TCP_MIB_PASSIVEOPENS,
} from '../../include/uapi/linux/snmp.ts';
import {
	TCP_CA_Open,
	TCP_MSS_DEFAULT,
	TCPHDR_ACK,
	TCPHDR_FIN,
	TCPHDR_flags,
	TCPHDR_LEN,
	TCPHDR_RST,
	TCPHDR_SYN,
	TCPHDR_window,
} from '../../include/uapi/linux/tcp.ts';
import { __sk_add_backlog, sock_put } from '../core/sock.ts';
import {
	inet_twsk_deschedule_put,
	inet_twsk_put,
	inet_twsk_reschedule,
} from './inet_timewait_sock.ts';
import {
	inet_csk_clone_lock,
	inet_csk_complete_hashdance,
	inet_csk_reqsk_queue_drop,
	inet_csk_reset_keepalive_timer,
	inet_rtx_syn_ack,
} from './inet_connection_sock.ts';
import { tcp_assign_congestion_control, tcp_ca_find_key } from './tcp_cong.ts';
import {
	tcp_oow_rate_limited,
	tcp_parse_options,
	tcp_rcv_state_process,
	tcp_synack_rtt_meas,
} from './tcp_input.ts';
import { tcp_init_xmit_timers } from './tcp_timer.ts';

/**
 * Tells whether a segment lies in the window from s_win to e_win.
 * @kernel net/ipv4/tcp_minisocks.c:33 (v5.10)
 */
function tcp_in_window(seq: number, end_seq: number, s_win: number, e_win: number): boolean {
	if (seq === s_win) return true;
	if (after(end_seq, s_win) && before(seq, e_win)) return true;
	return seq === e_win && seq === end_seq;
}

/**
 * Lets a segment out of the window be answered, but not too often.
 * @param mib_idx LINUX_MIB_* that counts the answers left out
 * @kernel net/ipv4/tcp_minisocks.c:43 (v5.10)
 */
function tcp_timewait_check_oow_rate_limit(
	tw: inet_timewait_sock,
	skb: sk_buff,
	mib_idx: number,
): number {
	if (!tcp_oow_rate_limited(tw.sk_net, skb, mib_idx, tcp_twsk(tw))) return TCP_TW_ACK;

	inet_twsk_put(tw);
	return TCP_TW_SUCCESS;
}

/** PORT: struct tcp_options_received on the stack. */
const tmp_options = machine_var(() => new tcp_options_received());

/**
 * Receives a segment in TIME_WAIT, or in FIN_WAIT2 without an owner.
 * @returns TCP_TW_*: with SUCCESS the reference on tw is dropped, else it is still the caller's
 * @kernel net/ipv4/tcp_minisocks.c:92 (v5.10)
 */
export function tcp_timewait_state_process(tw: inet_timewait_sock, skb: sk_buff): number {
	const m = tw.machine;
	const tcptw = tcp_twsk(tw);
	const net = tw.sk_net;
	const cb = TCP_SKB_CB(skb);
	const flags = skb.head[skb.transport_header + TCPHDR_flags];
	const rst = (flags & TCPHDR_RST) !== 0;
	const tmp_opt = tmp_options.of(m);
	let paws_reject = false;

	tmp_opt.clear();
	if (tcp_hdrlen(skb) > TCPHDR_LEN && tcptw.tw_ts_recent_stamp !== 0) {
		tcp_parse_options(net, skb, tmp_opt, false);

		if (tmp_opt.saw_tstamp) {
			if (tmp_opt.rcv_tsecr !== 0)
				tmp_opt.rcv_tsecr = (tmp_opt.rcv_tsecr - tcptw.tw_ts_offset) >>> 0;
			tmp_opt.ts_recent = tcptw.tw_ts_recent;
			tmp_opt.ts_recent_stamp = tcptw.tw_ts_recent_stamp;
			paws_reject = tcp_paws_reject(m, tmp_opt, rst);
		}
	}

	if (tw.tw_substate === TCP_FIN_WAIT2) {
		if (
			paws_reject ||
			!tcp_in_window(
				cb.seq,
				cb.end_seq,
				tcptw.tw_rcv_nxt,
				(tcptw.tw_rcv_nxt + tcptw.tw_rcv_wnd) >>> 0,
			)
		)
			return tcp_timewait_check_oow_rate_limit(tw, skb, LINUX_MIB_TCPACKSKIPPEDFINWAIT2);

		if (rst) {
			inet_twsk_deschedule_put(tw);
			return TCP_TW_SUCCESS;
		}

		if ((flags & TCPHDR_SYN) !== 0 && !before(cb.seq, tcptw.tw_rcv_nxt)) return TCP_TW_RST;

		if (
			(flags & TCPHDR_ACK) === 0 ||
			!after(cb.end_seq, tcptw.tw_rcv_nxt) ||
			cb.end_seq === cb.seq
		) {
			inet_twsk_put(tw);
			return TCP_TW_SUCCESS;
		}

		/* Data that nobody will read. */
		if ((flags & TCPHDR_FIN) === 0 || cb.end_seq !== (tcptw.tw_rcv_nxt + 1) >>> 0)
			return TCP_TW_RST;

		tw.tw_substate = TCP_TIME_WAIT;
		tcptw.tw_rcv_nxt = cb.end_seq;
		if (tmp_opt.saw_tstamp) {
			tcptw.tw_ts_recent_stamp = ktime_get_seconds(m);
			tcptw.tw_ts_recent = tmp_opt.rcv_tsval;
		}

		inet_twsk_reschedule(tw, TCP_TIMEWAIT_LEN);
		return TCP_TW_ACK;
	}

	if (!paws_reject && cb.seq === tcptw.tw_rcv_nxt && (cb.seq === cb.end_seq || rst)) {
		if (rst) {
			if (net.ipv4.sysctl_tcp_rfc1337 === 0) {
				inet_twsk_deschedule_put(tw);
				return TCP_TW_SUCCESS;
			}
		} else {
			inet_twsk_reschedule(tw, TCP_TIMEWAIT_LEN);
		}

		if (tmp_opt.saw_tstamp) {
			tcptw.tw_ts_recent = tmp_opt.rcv_tsval;
			tcptw.tw_ts_recent_stamp = ktime_get_seconds(m);
		}

		inet_twsk_put(tw);
		return TCP_TW_SUCCESS;
	}

	/* A new connection may begin, if its SYN is surely not an old one. */
	if (
		(flags & (TCPHDR_SYN | TCPHDR_RST | TCPHDR_ACK)) === TCPHDR_SYN &&
		!paws_reject &&
		(after(cb.seq, tcptw.tw_rcv_nxt) ||
			(tmp_opt.saw_tstamp && ((tcptw.tw_ts_recent - tmp_opt.rcv_tsval) | 0) < 0))
	) {
		cb.tcp_tw_isn = (tcptw.tw_snd_nxt + 65535 + 2) >>> 0 || 1;
		return TCP_TW_SYN;
	}

	if (paws_reject) NET_INC_STATS(net, LINUX_MIB_PAWSESTABREJECTED);

	if (!rst) {
		/* A lone SYN may be a new one all the same: it does not prolong the wait. */
		if (paws_reject || (flags & TCPHDR_ACK) !== 0) inet_twsk_reschedule(tw, TCP_TIMEWAIT_LEN);

		return tcp_timewait_check_oow_rate_limit(tw, skb, LINUX_MIB_TCPACKSKIPPEDTIMEWAIT);
	}
	inet_twsk_put(tw);
	return TCP_TW_SUCCESS;
}

/**
 * Cleans a TIME_WAIT socket up.
 * @kernel net/ipv4/tcp_minisocks.c:344 (v5.10)
 */
export function tcp_twsk_destructor(_sk: inet_timewait_sock): void {
	/* Nothing is held without MD5. */
}

/**
 * Takes over whether ECN was agreed on.
 * @kernel net/ipv4/tcp_minisocks.c:400 (v5.10)
 */
function tcp_ecn_openreq_child(tp: tcp_sock, req: request_sock): void {
	tp.ecn_flags = inet_rsk(req).ecn_ok ? TCP_ECN_OK : 0;
}

/**
 * Gives a new connection its congestion control: the route's, the listener's or the namespace's.
 * @kernel net/ipv4/tcp_minisocks.c:406 (v5.10)
 */
export function tcp_ca_openreq_child(sk: sock, dst: dst_entry): void {
	const icsk = inet_csk(sk);
	const ca_key = dst_metric(dst, RTAX_CC_ALGO);
	let ca_got_dst = false;

	if (ca_key !== TCP_CA_UNSPEC) {
		const ca = tcp_ca_find_key(sk.machine, ca_key >>> 0);

		if (ca !== null) {
			icsk.icsk_ca_dst_locked = tcp_ca_dst_locked(dst);
			icsk.icsk_ca_ops = ca;
			icsk.icsk_ca_priv = null;
			ca_got_dst = true;
		}
	}

	if (!ca_got_dst) {
		if (!icsk.icsk_ca_setsockopt) tcp_assign_congestion_control(sk);
		else icsk.icsk_ca_priv = null;
	}

	tcp_set_ca_state(sk, TCP_CA_Open);
}

/**
 * Makes the socket of a request, in state SYN_RECV.
 * @param skb the ACK that completes the handshake
 * @returns the socket with two references, or null
 * @kernel net/ipv4/tcp_minisocks.c:456 (v5.10)
 */
export function tcp_create_openreq_child(
	sk: sock,
	req: request_sock,
	skb: sk_buff,
): sock | null {
	const newsk = inet_csk_clone_lock(sk, req);
	const ireq = inet_rsk(req);
	const treq = tcp_rsk(req);

	if (newsk === null) return null;

	const newtp = tcp_sk(newsk);
	const now = tcp_jiffies32(sk);

	newtp.pred_flags = 0;

	let seq = (treq.rcv_isn + 1) >>> 0;
	newtp.rcv_wup = seq;
	newtp.copied_seq = seq;
	newtp.rcv_nxt = seq;
	newtp.segs_in = 1;

	seq = (treq.snt_isn + 1) >>> 0;
	newtp.snd_sml = seq;
	newtp.snd_una = seq;
	newtp.snd_nxt = seq;

	newtp.tsorted_first = null;
	newtp.tsorted_last = null;

	tcp_init_wl(newtp, treq.rcv_isn);

	minmax_reset(newtp.rtt_min, now, 0xffffffff);
	newtp.icsk_ack.lrcvtime = now;

	newtp.lsndtime = now;
	newsk.sk_txhash = treq.txhash;
	newtp.total_retrans = req.num_retrans;

	tcp_init_xmit_timers(newsk);
	newtp.write_seq = seq;
	newtp.pushed_seq = seq;

	if (sock_flag(newsk, SOCK_KEEPOPEN))
		inet_csk_reset_keepalive_timer(newsk, keepalive_time_when(newtp));

	newtp.rx_opt.tstamp_ok = ireq.tstamp_ok;
	newtp.rx_opt.sack_ok = ireq.sack_ok ? 1 : 0;
	newtp.window_clamp = req.rsk_window_clamp;
	newtp.rcv_ssthresh = req.rsk_rcv_wnd;
	newtp.rcv_wnd = req.rsk_rcv_wnd;
	newtp.rx_opt.wscale_ok = ireq.wscale_ok;
	if (newtp.rx_opt.wscale_ok) {
		newtp.rx_opt.snd_wscale = ireq.snd_wscale;
		newtp.rx_opt.rcv_wscale = ireq.rcv_wscale;
	} else {
		newtp.rx_opt.snd_wscale = 0;
		newtp.rx_opt.rcv_wscale = 0;
		newtp.window_clamp = Math.min(newtp.window_clamp, 65535);
	}
	newtp.snd_wnd =
		get_unaligned_be16(skb.head, skb.transport_header + TCPHDR_window) <<
		newtp.rx_opt.snd_wscale;
	newtp.max_window = newtp.snd_wnd;

	if (newtp.rx_opt.tstamp_ok) {
		newtp.rx_opt.ts_recent = req.ts_recent;
		newtp.rx_opt.ts_recent_stamp = ktime_get_seconds(sk.machine);
		newtp.tcp_header_len = TCPHDR_LEN + TCPOLEN_TSTAMP_ALIGNED;
	} else {
		newtp.rx_opt.ts_recent_stamp = 0;
		newtp.tcp_header_len = TCPHDR_LEN;
	}
	if (req.num_timeout !== 0) {
		newtp.undo_marker = treq.snt_isn;
		newtp.retrans_stamp = Math.floor(treq.snt_synack / (USEC_PER_SEC / TCP_TS_HZ)) >>> 0;
	}
	newtp.tsoffset = treq.ts_off;
	if (skb.len >= TCP_MSS_DEFAULT + newtp.tcp_header_len)
		newtp.icsk_ack.last_seg_size = skb.len - newtp.tcp_header_len;
	newtp.rx_opt.mss_clamp = req.mss;
	tcp_ecn_openreq_child(newtp, req);

	TCP_INC_STATS(sk.sk_net, TCP_MIB_PASSIVEOPENS);

	return newsk;
}

/** What tcp_check_req() tells besides the socket. */
export interface check_req_result extends own_req_result {
	/** Another packet has made the socket meanwhile. */
	req_stolen: boolean;
}

/**
 * Receives a segment for a request.
 * @param sk the listener
 * @returns the listener, which then gets the segment; a new socket, which then gets it; null when it is done
 * @kernel net/ipv4/tcp_minisocks.c:570 (v5.10)
 */
export function tcp_check_req(
	sk: sock,
	skb: sk_buff,
	req: request_sock,
	res: check_req_result,
): sock | null {
	const m = sk.machine;
	const cb = TCP_SKB_CB(skb);
	const trsk = tcp_rsk(req);
	const flags = skb.head[skb.transport_header + TCPHDR_flags];
	const rst = (flags & TCPHDR_RST) !== 0;
	const tmp_opt = tmp_options.of(m);
	let flg = flags & (TCPHDR_RST | TCPHDR_SYN | TCPHDR_ACK);
	let paws_reject = false;

	res.req_stolen = false;
	tmp_opt.clear();
	if (tcp_hdrlen(skb) > TCPHDR_LEN) {
		tcp_parse_options(sk.sk_net, skb, tmp_opt, false);

		if (tmp_opt.saw_tstamp) {
			tmp_opt.ts_recent = req.ts_recent;
			if (tmp_opt.rcv_tsecr !== 0)
				tmp_opt.rcv_tsecr = (tmp_opt.rcv_tsecr - trsk.ts_off) >>> 0;
			/* When it came is not remembered, but can be told from the timeouts since. */
			tmp_opt.ts_recent_stamp =
				ktime_get_seconds(m) - (TCP_TIMEOUT_INIT / HZ) * 2 ** req.num_timeout;
			paws_reject = tcp_paws_reject(m, tmp_opt, rst);
		}
	}

	if (cb.seq === trsk.rcv_isn && flg === TCPHDR_SYN && !paws_reject) {
		/* The SYN once more: our answer was lost. */
		if (
			!tcp_oow_rate_limited(sk.sk_net, skb, LINUX_MIB_TCPACKSKIPPEDSYNRECV, trsk) &&
			inet_rtx_syn_ack(sk, req) === 0
		) {
			const expires =
				m.jiffies + Math.min(TCP_TIMEOUT_INIT * 2 ** req.num_timeout, TCP_RTO_MAX);

			if (timer_pending(req.rsk_timer!)) mod_timer(req.rsk_timer!, expires);
		}
		return null;
	}

	if ((flg & TCPHDR_ACK) !== 0 && cb.ack_seq !== (trsk.snt_isn + 1) >>> 0) return sk;

	if (
		paws_reject ||
		!tcp_in_window(
			cb.seq,
			cb.end_seq,
			trsk.rcv_nxt,
			(trsk.rcv_nxt + req.rsk_rcv_wnd) >>> 0,
		)
	) {
		if (
			!rst &&
			!tcp_oow_rate_limited(sk.sk_net, skb, LINUX_MIB_TCPACKSKIPPEDSYNRECV, trsk)
		)
			req.rsk_ops!.send_ack(sk, skb, req);
		if (paws_reject) NET_INC_STATS(sk.sk_net, LINUX_MIB_PAWSESTABREJECTED);
		return null;
	}

	if (tmp_opt.saw_tstamp && !after(cb.seq, trsk.rcv_nxt)) req.ts_recent = tmp_opt.rcv_tsval;

	/* A SYN below the window is cut off. */
	if (cb.seq === trsk.rcv_isn) flg &= ~TCPHDR_SYN;

	if ((flg & (TCPHDR_RST | TCPHDR_SYN)) === 0) {
		if ((flg & TCPHDR_ACK) === 0) return null;

		const queue = inet_csk(sk).icsk_accept_queue;

		if (
			req.num_timeout < queue.rskq_defer_accept &&
			cb.end_seq === (trsk.rcv_isn + 1) >>> 0
		) {
			inet_rsk(req).acked = true;
			NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPDEFERACCEPTDROP);
			return null;
		}

		const child = inet_csk(sk).icsk_af_ops!.syn_recv_sock(sk, skb, req, null, req, res);
		if (child !== null) {
			tcp_synack_rtt_meas(child, req);
			res.req_stolen = !res.own_req;
			return inet_csk_complete_hashdance(sk, child, req, res.own_req);
		}

		if (sk.sk_net.ipv4.sysctl_tcp_abort_on_overflow === 0) {
			inet_rsk(req).acked = true;
			return null;
		}
	} else {
		TCP_INC_STATS(sk.sk_net, TCP_MIB_ATTEMPTFAILS);
	}

	if ((flg & TCPHDR_RST) === 0) req.rsk_ops!.send_reset(sk, skb);
	inet_csk_reqsk_queue_drop(sk, req);
	NET_INC_STATS(sk.sk_net, LINUX_MIB_EMBRYONICRSTS);
	return null;
}

/**
 * Gives a new socket the segment that made it, and drops the caller's reference on it.
 * @returns nonzero when the caller is to send a reset
 * @kernel net/ipv4/tcp_minisocks.c:826 (v5.10)
 */
export function tcp_child_process(parent: sock, child: sock, skb: sk_buff): number {
	const state = child.sk_state;
	let ret = 0;

	tcp_segs_in(tcp_sk(child), skb);
	if (!sock_owned_by_user(child)) {
		ret = tcp_rcv_state_process(child, skb);
		if (state === TCP_SYN_RECV && child.sk_state !== state) parent.sk_data_ready(parent);
	} else {
		__sk_add_backlog(child, skb);
	}

	sock_put(child);
	return ret;
}
