// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv4/tcp_timer.c, base v5.10: timers of TCP sockets.
 *
 * PORT: tcp_clamp_probe0_to_user_timeout() is in net/ipv4/tcp_lib.ts. tcp_release_cb() of
 * net/ipv4/tcp_output.c and tcp_rack_reo_timeout() of net/ipv4/tcp_recovery.c are here, for they call what is
 * above their own files.
 * Not ported: fast open, BPF.
 */
import {
	ICSK_ACK_TIMER,
	ICSK_TIME_LOSS_PROBE,
	ICSK_TIME_PROBE0,
	ICSK_TIME_REO_TIMEOUT,
	ICSK_TIME_RETRANS,
	inet_csk,
	inet_csk_ack_scheduled,
	inet_csk_exit_pingpong_mode,
	inet_csk_in_pingpong_mode,
	inet_csk_rto_backoff,
} from '../../include/net/inet_connection_sock.ts';
import { inet_rsk, type request_sock } from '../../include/net/request_sock.ts';
import { NET_INC_STATS } from '../../include/net/snmp.ts';
import {
	__sock_put,
	sk_rethink_txhash,
	type sock,
	SOCK_DEAD,
	sock_flag,
	sock_hold,
	SOCK_KEEPOPEN,
	sock_owned_by_user,
	sock_release_ownership,
} from '../../include/net/sock.ts';
import {
	__tcp_set_rto,
	keepalive_intvl_when,
	keepalive_probes,
	keepalive_time_elapsed,
	keepalive_time_when,
	TCP_ATO_MIN,
	tcp_fin_time,
	tcp_is_sack,
	tcp_jiffies32,
	tcp_packets_in_flight,
	TCP_RESOURCE_PROBE_INTERVAL,
	TCP_RTO_MAX,
	TCP_RTO_MIN,
	tcp_rtx_queue_head,
	tcp_send_head,
	tcp_stream_is_thin,
	TCP_THIN_LINEAR_RETRIES,
	tcp_time_stamp,
	TCP_TIMEOUT_INIT,
	TCP_TIMEWAIT_LEN,
	tcp_write_queue_empty,
} from '../../include/net/tcp.ts';
import {
	TCP_ESTABLISHED,
	TCP_FIN_WAIT2,
	TCP_LISTEN,
	TCPF_CLOSE,
	TCPF_LISTEN,
	TCPF_SYN_RECV,
	TCPF_SYN_SENT,
} from '../../include/net/tcp_states.ts';
import { HZ, jiffies_to_msecs, msecs_to_jiffies } from '../../include/linux/machine.ts';
import {
	tcp_sk,
	TCPF_DELACK_TIMER_DEFERRED,
	TCPF_MTU_REDUCED_DEFERRED,
	TCPF_TSQ_DEFERRED,
	TCPF_WRITE_TIMER_DEFERRED,
} from '../../include/linux/tcp.ts';
import { hrtimer } from '../../include/linux/timer.ts';
import { ETIMEDOUT } from '../../include/uapi/linux/errno.ts';
import {
	LINUX_MIB_DELAYEDACKLOCKED,
	LINUX_MIB_DELAYEDACKS,
	LINUX_MIB_TCPABORTONMEMORY,
	LINUX_MIB_TCPABORTONTIMEOUT,
	LINUX_MIB_TCPKEEPALIVE,
	LINUX_MIB_TCPLOSSFAILURES,
	LINUX_MIB_TCPRENOFAILURES,
	LINUX_MIB_TCPRENORECOVERYFAIL,
	LINUX_MIB_TCPSACKFAILURES,
	LINUX_MIB_TCPSACKRECOVERYFAIL,
	LINUX_MIB_TCPTIMEOUTREHASH,
	LINUX_MIB_TCPTIMEOUTS,
} from '../../include/uapi/linux/snmp.ts';
import { TCP_CA_Disorder, TCP_CA_Loss, TCP_CA_Recovery } from '../../include/uapi/linux/tcp.ts';
import {
	__dst_negative_advice,
	__sk_dst_reset,
	sk_mem_reclaim,
	sk_mem_reclaim_partial,
	sk_reset_timer,
	sock_put,
} from '../core/sock.ts';
import {
	inet_csk_delete_keepalive_timer,
	inet_csk_init_xmit_timers,
	inet_csk_reset_keepalive_timer,
	inet_csk_reset_xmit_timer,
} from './inet_connection_sock.ts';
import {
	tcp_check_oom,
	tcp_done,
	tcp_rearm_rto,
	tcp_time_wait,
	tcp_under_memory_pressure,
	tcp_write_queue_purge,
} from './tcp_lib.ts';
import {
	tcp_mss_to_mtu,
	tcp_mstamp_refresh,
	tcp_mtu_to_mss,
	tcp_pace_kick,
	tcp_retransmit_skb,
	tcp_send_ack,
	tcp_send_active_reset,
	tcp_send_loss_probe,
	tcp_send_probe0,
	tcp_sync_mss,
	tcp_tsq_write,
	tcp_write_wakeup,
	tcp_xmit_retransmit_queue,
} from './tcp_output.ts';
import { tcp_rack_detect_loss } from './tcp_recovery.ts';
import { tcp_cwnd_reduction, tcp_enter_loss, tcp_enter_recovery } from './tcp_input.ts';

const TCP_DEFERRED_ALL =
	TCPF_TSQ_DEFERRED |
	TCPF_WRITE_TIMER_DEFERRED |
	TCPF_DELACK_TIMER_DEFERRED |
	TCPF_MTU_REDUCED_DEFERRED;

/**
 * Bounds the retransmission timeout by TCP_USER_TIMEOUT; jiffies.
 * @kernel net/ipv4/tcp_timer.c:26 (v5.10)
 */
function tcp_clamp_rto_to_user_timeout(sk: sock): number {
	const tp = tcp_sk(sk);

	if (tp.icsk_user_timeout === 0) return tp.icsk_rto;
	const elapsed = (tcp_time_stamp(tp) - tp.retrans_stamp) >>> 0;
	const remaining = (tp.icsk_user_timeout - elapsed) | 0;
	if (remaining <= 0) return 1;

	return Math.min(tp.icsk_rto, msecs_to_jiffies(remaining));
}

/**
 * Gives a connection up that has timed out.
 * @kernel net/ipv4/tcp_timer.c:68 (v5.10)
 */
function tcp_write_err(sk: sock): void {
	sk.sk_err = sk.sk_err_soft || ETIMEDOUT;
	sk.sk_error_report(sk);

	tcp_write_queue_purge(sk);
	tcp_done(sk);
	NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPABORTONTIMEOUT);
}

/**
 * Ends an orphan when there are too many or memory is short.
 * @param do_reset tell the peer
 * @returns whether it was ended
 * @kernel PORT: net/ipv4/tcp_timer.c:104; a namespace that goes ends its sockets itself
 */
function tcp_out_of_resources(sk: sock, do_reset: boolean): boolean {
	const tp = tcp_sk(sk);
	const idle = tcp_jiffies32(sk) - tp.lsndtime;
	let shift = 0;

	if (idle > 2 * TCP_RTO_MAX || !do_reset) shift++;

	if (sk.sk_err_soft !== 0) shift++;

	if (tcp_check_oom(sk, shift)) {
		if (idle <= TCP_TIMEWAIT_LEN || (tp.snd_wnd === 0 && tp.packets_out === 0))
			do_reset = true;
		if (do_reset) tcp_send_active_reset(sk);
		tcp_done(sk);
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPABORTONMEMORY);
		return true;
	}

	return false;
}

/**
 * Retries of an orphan at most.
 * @kernel net/ipv4/tcp_timer.c:144 (v5.10)
 */
function tcp_orphan_retries(sk: sock, alive: boolean): number {
	let retries = sk.sk_net.ipv4.sysctl_tcp_orphan_retries;

	if (sk.sk_err_soft !== 0 && !alive) retries = 0;

	if (retries === 0 && alive) retries = 8;
	return retries;
}

/**
 * Looks for a path that swallows large packets.
 * @kernel net/ipv4/tcp_timer.c:160 (v5.10)
 */
function tcp_mtu_probing(sk: sock): void {
	const { ipv4 } = sk.sk_net;
	const tp = tcp_sk(sk);
	const mtup = tp.icsk_mtup;

	if (ipv4.sysctl_tcp_mtu_probing === 0) return;

	if (mtup.enabled === 0) {
		mtup.enabled = 1;
		mtup.probe_timestamp = tcp_jiffies32(sk);
	} else {
		let mss = tcp_mtu_to_mss(sk, mtup.search_low) >> 1;
		mss = Math.min(ipv4.sysctl_tcp_base_mss, mss);
		mss = Math.max(mss, ipv4.sysctl_tcp_mtu_probe_floor);
		mss = Math.max(mss, ipv4.sysctl_tcp_min_snd_mss);
		mtup.search_low = tcp_mss_to_mtu(sk, mss);
	}
	tcp_sync_mss(sk, tp.icsk_pmtu_cookie);
}

/**
 * Time that a number of retransmissions with back-off takes, ms.
 * @param boundary retransmissions
 * @param rto_base first timeout, jiffies
 * @kernel net/ipv4/tcp_timer.c:182 (v5.10)
 */
function tcp_model_timeout(_sk: sock, boundary: number, rto_base: number): number {
	const linear_backoff_thresh = 31 - Math.clz32(Math.floor(TCP_RTO_MAX / rto_base));
	let timeout: number;

	if (boundary <= linear_backoff_thresh) timeout = (2 ** (boundary + 1) - 1) * rto_base;
	else
		timeout =
			(2 ** (linear_backoff_thresh + 1) - 1) * rto_base +
			(boundary - linear_backoff_thresh) * TCP_RTO_MAX;
	return jiffies_to_msecs(timeout);
}

/**
 * Tells whether a connection was retransmitting for too long.
 * @param boundary retransmissions at most
 * @param timeout ms; 0: what the retransmissions take
 * @kernel net/ipv4/tcp_timer.c:209 (v5.10)
 */
function retransmits_timed_out(sk: sock, boundary: number, timeout: number): boolean {
	const tp = tcp_sk(sk);

	if (tp.icsk_retransmits === 0) return false;

	if (timeout === 0) {
		let rto_base: number = TCP_RTO_MIN;

		if (((1 << sk.sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) !== 0)
			rto_base = TCP_TIMEOUT_INIT;
		timeout = tcp_model_timeout(sk, boundary, rto_base);
	}

	return ((tcp_time_stamp(tp) - tp.retrans_stamp - timeout) | 0) >= 0;
}

/**
 * Decides after a timeout whether the connection goes on; true when it is given up.
 * @kernel net/ipv4/tcp_timer.c:231 (v5.10)
 */
function tcp_write_timeout(sk: sock): boolean {
	const tp = tcp_sk(sk);
	const { ipv4 } = sk.sk_net;
	let expired = false;
	let retry_until: number;

	if (((1 << sk.sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) !== 0) {
		if (tp.icsk_retransmits !== 0) __dst_negative_advice(sk);
		retry_until = tp.icsk_syn_retries || ipv4.sysctl_tcp_syn_retries;
		expired = tp.icsk_retransmits >= retry_until;
	} else {
		if (retransmits_timed_out(sk, ipv4.sysctl_tcp_retries1, 0)) {
			tcp_mtu_probing(sk);

			__dst_negative_advice(sk);
		}

		retry_until = ipv4.sysctl_tcp_retries2;
		if (sock_flag(sk, SOCK_DEAD)) {
			const alive = tp.icsk_rto < TCP_RTO_MAX;

			retry_until = tcp_orphan_retries(sk, alive);
			const do_reset = alive || !retransmits_timed_out(sk, retry_until, 0);

			if (tcp_out_of_resources(sk, do_reset)) return true;
		}
	}
	if (!expired) expired = retransmits_timed_out(sk, retry_until, tp.icsk_user_timeout);

	if (expired) {
		tcp_write_err(sk);
		return true;
	}

	if (sk_rethink_txhash(sk)) {
		tp.timeout_rehash++;
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPTIMEOUTREHASH);
	}

	return false;
}

/**
 * Sends the ACK that was delayed.
 * @kernel net/ipv4/tcp_timer.c:289 (v5.10)
 */
export function tcp_delack_timer_handler(sk: sock): void {
	const tp = tcp_sk(sk);
	const ack = tp.icsk_ack;

	sk_mem_reclaim_partial(sk);

	if (
		((1 << sk.sk_state) & (TCPF_CLOSE | TCPF_LISTEN)) === 0 &&
		(ack.pending & ICSK_ACK_TIMER) !== 0
	) {
		if (ack.timeout > sk.machine.jiffies) {
			sk_reset_timer(sk, tp.icsk_delack_timer!, ack.timeout);
		} else {
			ack.pending &= ~ICSK_ACK_TIMER;

			if (inet_csk_ack_scheduled(sk)) {
				if (!inet_csk_in_pingpong_mode(sk)) {
					ack.ato = Math.min(ack.ato << 1, tp.icsk_rto);
				} else {
					inet_csk_exit_pingpong_mode(sk);
					ack.ato = TCP_ATO_MIN;
				}
				tcp_mstamp_refresh(tp);
				tcp_send_ack(sk);
				NET_INC_STATS(sk.sk_net, LINUX_MIB_DELAYEDACKS);
			}
		}
	}

	if (tcp_under_memory_pressure(sk)) sk_mem_reclaim(sk);
}

/**
 * The timer of delayed ACKs went off.
 * @kernel net/ipv4/tcp_timer.c:336 (v5.10)
 */
function tcp_delack_timer(sk: sock): void {
	if (!sock_owned_by_user(sk)) {
		tcp_delack_timer_handler(sk);
	} else {
		NET_INC_STATS(sk.sk_net, LINUX_MIB_DELAYEDACKLOCKED);
		if ((sk.sk_tsq_flags & TCPF_DELACK_TIMER_DEFERRED) === 0) {
			sk.sk_tsq_flags |= TCPF_DELACK_TIMER_DEFERRED;
			sock_hold(sk);
		}
	}
	sock_put(sk);
}

/**
 * Probes a window that is closed.
 * @kernel net/ipv4/tcp_timer.c:355 (v5.10)
 */
function tcp_probe_timer(sk: sock): void {
	const tp = tcp_sk(sk);

	if (tp.packets_out !== 0 || tcp_send_head(sk) === null) {
		tp.icsk_probes_out = 0;
		tp.icsk_probes_tstamp = 0;
		return;
	}

	abort: {
		/* A peer that answers probes may keep its window closed for ever, but not on an orphan. */
		if (tp.icsk_probes_tstamp === 0) tp.icsk_probes_tstamp = tcp_jiffies32(sk);
		else if (
			tp.icsk_user_timeout !== 0 &&
			tcp_jiffies32(sk) - tp.icsk_probes_tstamp >= msecs_to_jiffies(tp.icsk_user_timeout)
		)
			break abort;

		let max_probes = sk.sk_net.ipv4.sysctl_tcp_retries2;
		if (sock_flag(sk, SOCK_DEAD)) {
			const alive = inet_csk_rto_backoff(tp, TCP_RTO_MAX) < TCP_RTO_MAX;

			max_probes = tcp_orphan_retries(sk, alive);
			if (!alive && tp.icsk_backoff >= max_probes) break abort;
			if (tcp_out_of_resources(sk, true)) return;
		}

		if (tp.icsk_probes_out >= max_probes) break abort;

		tcp_send_probe0(sk);
		return;
	}
	tcp_write_err(sk);
}

/**
 * Sends the oldest segment again, and waits twice as long for the next time.
 * @kernel net/ipv4/tcp_timer.c:448 (v5.10)
 */
export function tcp_retransmit_timer(sk: sock): void {
	const tp = tcp_sk(sk);
	const { ipv4 } = sk.sk_net;

	if (tp.packets_out === 0) return;

	const skb = tcp_rtx_queue_head(sk);
	if (skb === null) {
		sk.machine.record('WARN', 'tcp_retransmit_timer', 'the retransmit queue is empty');
		return;
	}

	tp.tlp_high_seq = 0;

	if (
		tp.snd_wnd === 0 &&
		!sock_flag(sk, SOCK_DEAD) &&
		((1 << sk.sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV)) === 0
	) {
		/* The peer took its window back: retransmissions are probes, and do not count. */
		if (tcp_jiffies32(sk) - tp.rcv_tstamp > TCP_RTO_MAX) {
			tcp_write_err(sk);
			return;
		}
		tcp_enter_loss(sk);
		tcp_retransmit_skb(sk, skb, 1);
		__sk_dst_reset(sk);
	} else {
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPTIMEOUTS);
		if (tcp_write_timeout(sk)) return;

		if (tp.icsk_retransmits === 0) {
			let mib_idx = 0;

			if (tp.icsk_ca_state === TCP_CA_Recovery) {
				mib_idx = tcp_is_sack(tp)
					? LINUX_MIB_TCPSACKRECOVERYFAIL
					: LINUX_MIB_TCPRENORECOVERYFAIL;
			} else if (tp.icsk_ca_state === TCP_CA_Loss) {
				mib_idx = LINUX_MIB_TCPLOSSFAILURES;
			} else if (tp.icsk_ca_state === TCP_CA_Disorder || tp.sacked_out !== 0) {
				mib_idx = tcp_is_sack(tp)
					? LINUX_MIB_TCPSACKFAILURES
					: LINUX_MIB_TCPRENOFAILURES;
			}
			if (mib_idx !== 0) NET_INC_STATS(sk.sk_net, mib_idx);
		}

		tcp_enter_loss(sk);

		tp.icsk_retransmits++;
		if (tcp_retransmit_skb(sk, tcp_rtx_queue_head(sk)!, 1) > 0) {
			/* A queue of our own is full. */
			inet_csk_reset_xmit_timer(
				sk,
				ICSK_TIME_RETRANS,
				TCP_RESOURCE_PROBE_INTERVAL,
				TCP_RTO_MAX,
			);
			return;
		}

		tp.icsk_backoff++;
	}

	if (
		sk.sk_state === TCP_ESTABLISHED &&
		(tp.thin_lto || ipv4.sysctl_tcp_thin_linear_timeouts !== 0) &&
		tcp_stream_is_thin(tp) &&
		tp.icsk_retransmits <= TCP_THIN_LINEAR_RETRIES
	) {
		tp.icsk_backoff = 0;
		tp.icsk_rto = Math.min(__tcp_set_rto(tp), TCP_RTO_MAX);
	} else {
		tp.icsk_rto = Math.min(tp.icsk_rto << 1, TCP_RTO_MAX);
	}
	inet_csk_reset_xmit_timer(
		sk,
		ICSK_TIME_RETRANS,
		tcp_clamp_rto_to_user_timeout(sk),
		TCP_RTO_MAX,
	);
	if (retransmits_timed_out(sk, ipv4.sysctl_tcp_retries1 + 1, 0)) __sk_dst_reset(sk);
}

/**
 * Looks again for lost packets once those that overtook others had their time.
 * @kernel PORT: net/ipv4/tcp_recovery.c:153, above net/ipv4/tcp_input.ts
 */
function tcp_rack_reo_timeout(sk: sock): void {
	const tp = tcp_sk(sk);
	const prior_inflight = tcp_packets_in_flight(tp);

	tcp_rack_detect_loss(sk);
	if (prior_inflight !== tcp_packets_in_flight(tp)) {
		if (tp.icsk_ca_state !== TCP_CA_Recovery) {
			tcp_enter_recovery(sk, false);
			if (tp.icsk_ca_ops!.cong_control === undefined) tcp_cwnd_reduction(sk, 1, 0);
		}
		tcp_xmit_retransmit_queue(sk);
	}
	if (tp.icsk_pending !== ICSK_TIME_RETRANS) tcp_rearm_rto(sk);
}

/**
 * Does what the transmit timer was armed for, when it is due.
 * @kernel net/ipv4/tcp_timer.c:596 (v5.10)
 */
export function tcp_write_timer_handler(sk: sock): void {
	const tp = tcp_sk(sk);

	if (
		((1 << sk.sk_state) & (TCPF_CLOSE | TCPF_LISTEN)) === 0 &&
		tp.icsk_pending !== 0
	) {
		if (tp.icsk_timeout > sk.machine.jiffies) {
			sk_reset_timer(sk, tp.icsk_retransmit_timer!, tp.icsk_timeout);
		} else {
			tcp_mstamp_refresh(tp);

			switch (tp.icsk_pending) {
				case ICSK_TIME_REO_TIMEOUT:
					tcp_rack_reo_timeout(sk);
					break;
				case ICSK_TIME_LOSS_PROBE:
					tcp_send_loss_probe(sk);
					break;
				case ICSK_TIME_RETRANS:
					tp.icsk_pending = 0;
					tcp_retransmit_timer(sk);
					break;
				case ICSK_TIME_PROBE0:
					tp.icsk_pending = 0;
					tcp_probe_timer(sk);
					break;
			}
		}
	}

	sk_mem_reclaim(sk);
}

/**
 * The transmit timer went off.
 * @kernel net/ipv4/tcp_timer.c:634 (v5.10)
 */
function tcp_write_timer(sk: sock): void {
	if (!sock_owned_by_user(sk)) {
		tcp_write_timer_handler(sk);
	} else if ((sk.sk_tsq_flags & TCPF_WRITE_TIMER_DEFERRED) === 0) {
		sk.sk_tsq_flags |= TCPF_WRITE_TIMER_DEFERRED;
		sock_hold(sk);
	}
	sock_put(sk);
}

/**
 * Does what could not be done while a system call had the socket.
 * @kernel PORT: net/ipv4/tcp_output.c:1078, above net/ipv4/tcp_output.ts
 */
export function tcp_release_cb(sk: sock): void {
	const flags = sk.sk_tsq_flags;

	if ((flags & TCP_DEFERRED_ALL) === 0) return;
	sk.sk_tsq_flags = flags & ~TCP_DEFERRED_ALL;

	if ((flags & TCPF_TSQ_DEFERRED) !== 0) {
		tcp_tsq_write(sk);
		__sock_put(sk);
	}
	/* What follows is written for softirqs, in which nobody owns the socket. */
	sock_release_ownership(sk);

	if ((flags & TCPF_WRITE_TIMER_DEFERRED) !== 0) {
		tcp_write_timer_handler(sk);
		__sock_put(sk);
	}
	if ((flags & TCPF_DELACK_TIMER_DEFERRED) !== 0) {
		tcp_delack_timer_handler(sk);
		__sock_put(sk);
	}
	if ((flags & TCPF_MTU_REDUCED_DEFERRED) !== 0) {
		inet_csk(sk).icsk_af_ops!.mtu_reduced(sk);
		__sock_put(sk);
	}
}

/**
 * A SYN-ACK was not answered in time.
 * @kernel net/ipv4/tcp_timer.c:652 (v5.10)
 */
export function tcp_syn_ack_timeout(req: request_sock): void {
	NET_INC_STATS(inet_rsk(req).sk_net, LINUX_MIB_TCPTIMEOUTS);
}

/**
 * Switches keepalive on or off.
 * @kernel net/ipv4/tcp_timer.c:660 (v5.10)
 */
export function tcp_set_keepalive(sk: sock, val: number): void {
	if (((1 << sk.sk_state) & (TCPF_CLOSE | TCPF_LISTEN)) !== 0) return;

	if (val !== 0 && !sock_flag(sk, SOCK_KEEPOPEN))
		inet_csk_reset_keepalive_timer(sk, keepalive_time_when(tcp_sk(sk)));
	else if (val === 0) inet_csk_delete_keepalive_timer(sk);
}

/**
 * The keepalive timer went off: probes the peer, or ends an orphan in FIN_WAIT2.
 * @kernel net/ipv4/tcp_timer.c:673 (v5.10)
 */
function tcp_keepalive_timer(sk: sock): void {
	const tp = tcp_sk(sk);

	out: {
		if (sock_owned_by_user(sk)) {
			inet_csk_reset_keepalive_timer(sk, HZ / 20);
			break out;
		}

		if (sk.sk_state === TCP_LISTEN) {
			sk.machine.printk('TCP: Hmm... keepalive on a LISTEN ???');
			break out;
		}

		tcp_mstamp_refresh(tp);
		if (sk.sk_state === TCP_FIN_WAIT2 && sock_flag(sk, SOCK_DEAD)) {
			if (tp.linger2 >= 0) {
				const tmo = tcp_fin_time(sk) - TCP_TIMEWAIT_LEN;

				if (tmo > 0) {
					tcp_time_wait(sk, TCP_FIN_WAIT2, tmo);
					break out;
				}
			}
			tcp_send_active_reset(sk);
			tcp_done(sk);
			break out;
		}

		if (
			!sock_flag(sk, SOCK_KEEPOPEN) ||
			((1 << sk.sk_state) & (TCPF_CLOSE | TCPF_SYN_SENT)) !== 0
		)
			break out;

		let elapsed = keepalive_time_when(tp);

		if (tp.packets_out === 0 && tcp_write_queue_empty(sk)) {
			elapsed = keepalive_time_elapsed(tp);

			if (elapsed >= keepalive_time_when(tp)) {
				if (
					(tp.icsk_user_timeout !== 0 &&
						elapsed >= msecs_to_jiffies(tp.icsk_user_timeout) &&
						tp.icsk_probes_out > 0) ||
					(tp.icsk_user_timeout === 0 && tp.icsk_probes_out >= keepalive_probes(tp))
				) {
					tcp_send_active_reset(sk);
					tcp_write_err(sk);
					break out;
				}
				if (tcp_write_wakeup(sk, LINUX_MIB_TCPKEEPALIVE) <= 0) {
					tp.icsk_probes_out++;
					elapsed = keepalive_intvl_when(tp);
				} else {
					elapsed = TCP_RESOURCE_PROBE_INTERVAL;
				}
			} else {
				elapsed = keepalive_time_when(tp) - elapsed;
			}

			sk_mem_reclaim(sk);
		}

		inet_csk_reset_keepalive_timer(sk, elapsed);
	}
	sock_put(sk);
}

/**
 * Sends the ACK that compression held back.
 * @kernel net/ipv4/tcp_timer.c:760 (v5.10)
 */
function tcp_compressed_ack_kick(sk: sock): void {
	const tp = tcp_sk(sk);

	if (!sock_owned_by_user(sk)) {
		if (tp.compressed_ack !== 0) {
			tp.compressed_ack--;
			tcp_send_ack(sk);
		}
	} else if ((sk.sk_tsq_flags & TCPF_DELACK_TIMER_DEFERRED) === 0) {
		sk.sk_tsq_flags |= TCPF_DELACK_TIMER_DEFERRED;
		sock_hold(sk);
	}

	sock_put(sk);
}

/**
 * Makes the timers of a socket.
 * @kernel net/ipv4/tcp_timer.c:787 (v5.10)
 */
export function tcp_init_xmit_timers(sk: sock): void {
	const tp = tcp_sk(sk);

	inet_csk_init_xmit_timers(sk, tcp_write_timer, tcp_delack_timer, tcp_keepalive_timer);
	tp.pacing_timer = new hrtimer(sk.machine, () => tcp_pace_kick(sk));
	tp.compressed_ack_timer = new hrtimer(sk.machine, () => tcp_compressed_ack_kick(sk));
}
