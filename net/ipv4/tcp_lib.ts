// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PORT: no kernel file of this path. The files of TCP call each other in circles, which modules do not: what
 * several of them need stands here, below all. From net/ipv4/tcp.c: state changes, memory accounting,
 * purging; from net/ipv4/tcp_output.c: chronographs; from net/ipv4/tcp_input.c: small pieces of congestion
 * state; from net/ipv4/tcp_minisocks.c: the way into TIME_WAIT; from include/net/tcp.h: inlines that need .c
 * files. Base v5.10.
 */
import { dst_metric, type dst_entry, RTAX_INITCWND } from '../../include/net/dst.ts';
import {
	ICSK_TIME_LOSS_PROBE,
	ICSK_TIME_REO_TIMEOUT,
	ICSK_TIME_RETRANS,
	inet_csk,
} from '../../include/net/inet_connection_sock.ts';
import { inet_hashinfo } from '../../include/net/inet_hashtables.ts';
import { inet_sk } from '../../include/net/inet_sock.ts';
import {
	NET_ADD_STATS,
	NET_INC_STATS,
	TCP_DEC_STATS,
	TCP_INC_STATS,
} from '../../include/net/snmp.ts';
import {
	__sock_put,
	proto_counter,
	SHUTDOWN_MASK,
	sk_memory_allocated,
	sk_memory_allocated_add,
	sk_mem_pages,
	SK_MEM_QUANTUM,
	sk_prot_mem_limits,
	SOCK_BINDPORT_LOCK,
	SOCK_DEAD,
	sock_flag,
	SOCK_MIN_SNDBUF,
	type sock,
} from '../../include/net/sock.ts';
import {
	before,
	TCP_CHRONO_BUSY,
	TCP_CHRONO_UNSPEC,
	tcp_clear_all_retrans_hints,
	TCP_ECN_OK,
	TCP_ECN_QUEUE_CWR,
	TCP_INIT_CWND,
	tcp_jiffies32,
	TCP_MIN_GSO_SIZE,
	TCP_MIN_MSS,
	tcp_receive_window,
	tcp_rto_delta_us,
	TCP_RTO_MAX,
	tcp_rtx_and_write_queues_empty,
	tcp_set_ca_state,
	TCP_SKB_CB,
	tcp_skb_pcount,
	TCP_TIMEOUT_MIN,
	TCP_TIMEWAIT_LEN,
	tcp_tsorted_del,
	usecs_to_jiffies,
} from '../../include/net/tcp.ts';
import {
	TCP_CLOSE,
	TCP_CLOSE_WAIT,
	TCP_ESTABLISHED,
	TCP_SYN_RECV,
	TCP_SYN_SENT,
	TCP_TIME_WAIT,
} from '../../include/net/tcp_states.ts';
import { inet6_sk } from '../../include/linux/ipv6.ts';
import {
	jiffies_to_msecs,
	machine_var,
	msecs_to_jiffies,
	WARN_ON,
} from '../../include/linux/machine.ts';
import {
	__skb_dequeue,
	__skb_queue_after,
	__skb_queue_head,
	__skb_queue_tail,
	__skb_unlink,
	skb_cloned,
	skb_csum_unnecessary,
	skb_reserve,
	type sk_buff,
	type sk_buff_head,
} from '../../include/linux/skbuff.ts';
import { AF_INET6 } from '../../include/linux/socket.ts';
import { tcp_sk, type tcp_sock, type tcp_timewait_sock } from '../../include/linux/tcp.ts';
import { hrtimer_try_to_cancel } from '../../include/linux/timer.ts';
import {
	LINUX_MIB_TCPMEMORYPRESSURES,
	LINUX_MIB_TCPMEMORYPRESSURESCHRONO,
	LINUX_MIB_TCPTIMEWAITOVERFLOW,
	TCP_MIB_ATTEMPTFAILS,
	TCP_MIB_CURRESTAB,
	TCP_MIB_ESTABRESETS,
} from '../../include/uapi/linux/snmp.ts';
import { TCP_CA_CWR, TCP_MSS_DEFAULT } from '../../include/uapi/linux/tcp.ts';
import {
	__kfree_skb,
	__pskb_pull_tail,
	__skb_checksum_complete,
	alloc_skb,
	skb_shift,
	SKB_TRUESIZE,
} from '../core/skbuff.ts';
import {
	sk_mem_reclaim,
	sk_mem_reclaim_partial,
	sk_wmem_free_skb,
	sk_wmem_schedule,
} from '../core/sock.ts';
import {
	inet_csk_clear_xmit_timer,
	inet_csk_clear_xmit_timers,
	inet_csk_destroy_sock,
	tcp_reset_xmit_timer,
} from './inet_connection_sock.ts';
import { inet_put_port } from './inet_hashtables.ts';
import {
	inet_twsk_alloc,
	inet_twsk_hashdance,
	inet_twsk_schedule,
} from './inet_timewait_sock.ts';
import { tcp_update_metrics } from './tcp_metrics.ts';

/** Tables of connections, listeners and ports; net/ipv4/tcp_ipv4.c. */
export const tcp_hashinfo = machine_var(() => new inet_hashinfo());

/** Pages that TCP has in use; net/ipv4/tcp.c. */
export const tcp_memory_allocated = machine_var(() => new proto_counter());
export const tcp_sockets_allocated = machine_var(() => new proto_counter());
export const tcp_orphan_count = machine_var(() => new proto_counter());
/** Jiffies since when memory is short, 0 when it is not. */
export const tcp_memory_pressure = machine_var(() => new proto_counter());
/** Pages: low, pressure, high; as on a machine with 4 GB. */
export const sysctl_tcp_mem = machine_var(() => [46875, 62500, 93750]);
export const sysctl_tcp_max_orphans = machine_var(() => ({ value: 16384 }));

/**
 * Tells whether TCP is short of memory.
 * @kernel PORT: inline of include/net/tcp.h:252, include/ does not import net/
 */
export function tcp_under_memory_pressure(sk: sock): boolean {
	return tcp_memory_pressure.of(sk.machine).value !== 0;
}

/**
 * Tells whether a socket holds much while TCP is out of memory.
 * @kernel PORT: inline of include/net/tcp.h:277, include/ does not import net/
 */
function tcp_out_of_memory(sk: sock): boolean {
	return sk.sk_wmem_queued > SOCK_MIN_SNDBUF && sk_memory_allocated(sk) > sk_prot_mem_limits(sk, 2);
}

/**
 * Tells whether there are too many sockets without an owner.
 * @param shift weight of this one
 * @kernel PORT: inline of include/net/tcp.h:287, include/ does not import net/
 */
function tcp_too_many_orphans(sk: sock, shift: number): boolean {
	const orphans = tcp_orphan_count.of(sk.machine).value;

	return orphans << shift > sysctl_tcp_max_orphans.of(sk.machine).value;
}

/**
 * Tells whether a packet's checksum is wrong.
 * @kernel PORT: inline of include/net/tcp.h:1350, include/ does not import net/
 */
export function tcp_checksum_complete(skb: sk_buff): boolean {
	return !skb_csum_unnecessary(skb) && __skb_checksum_complete(skb) !== 0;
}

/**
 * Moves small fragments into the linear part, so that the packet is charged for less.
 * @kernel PORT: net/core/skbuff.c:6089 skb_condense
 */
export function skb_condense(skb: sk_buff): void {
	if (skb.data_len !== 0) {
		if (skb.data_len > skb.end - skb.tail || skb_cloned(skb)) return;
		__pskb_pull_tail(skb, skb.data_len);
	}
	skb.truesize = SKB_TRUESIZE(skb.end);
}

/**
 * Stops all timers of a socket.
 * @kernel PORT: inline of include/net/tcp.h:616, include/ does not import net/
 */
export function tcp_clear_xmit_timers(sk: sock): void {
	const tp = tcp_sk(sk);

	if (hrtimer_try_to_cancel(tp.pacing_timer!) === 1) __sock_put(sk);

	if (hrtimer_try_to_cancel(tp.compressed_ack_timer!) === 1) __sock_put(sk);

	inet_csk_clear_xmit_timers(sk);
}

/**
 * Records more segments gone than were sent.
 * @kernel PORT: the macro tcp_verify_left_out of include/net/tcp.h
 */
export function tcp_verify_left_out(tp: tcp_sock): void {
	WARN_ON(
		tp.machine,
		tp.sacked_out + tp.lost_out > tp.packets_out,
		'tcp_verify_left_out',
		'more segments left than were sent',
	);
}

/**
 * Puts a packet behind the write queue.
 * @kernel PORT: inline of include/net/tcp.h:1836, include/ does not import net/
 */
export function tcp_add_write_queue_tail(sk: sock, skb: sk_buff): void {
	__skb_queue_tail(sk.sk_write_queue, skb);

	if (sk.sk_write_queue.first === skb) tcp_chrono_start(sk, TCP_CHRONO_BUSY);
}

/**
 * Takes a packet out of the write queue.
 * @kernel PORT: inline of include/net/tcp.h:1853, include/ does not import net/
 */
export function tcp_unlink_write_queue(skb: sk_buff, sk: sock): void {
	__skb_unlink(skb, sk.sk_write_queue);
}

/**
 * Takes a packet out of the retransmit queue.
 * @kernel PORT: inline of include/net/tcp.h:1861, include/ does not import net/
 */
export function tcp_rtx_queue_unlink(skb: sk_buff, sk: sock): void {
	__skb_unlink(skb, tcp_sk(sk).tcp_rtx_queue);
}

/**
 * Takes a packet out of the retransmit queue and frees it.
 * @kernel PORT: inline of include/net/tcp.h:1867, include/ does not import net/
 */
export function tcp_rtx_queue_unlink_and_free(skb: sk_buff, sk: sock): void {
	tcp_tsorted_del(tcp_sk(sk), skb);
	tcp_rtx_queue_unlink(skb, sk);
	sk_wmem_free_skb(sk, skb);
}

/**
 * Puts a packet into a list by sequence number.
 * @kernel PORT: net/ipv4/tcp_input.c:5225; a list that is searched from its end takes the place of the tree
 */
export function tcp_rbtree_insert(list: sk_buff_head, skb: sk_buff): void {
	const seq = TCP_SKB_CB(skb).seq;
	let prev = list.last;

	while (prev !== null && before(seq, TCP_SKB_CB(prev).seq)) prev = prev.prev;
	if (prev === null) __skb_queue_head(list, skb);
	else __skb_queue_after(list, prev, skb);
}

/**
 * Reserves memory even beyond the limits.
 * @kernel PORT: net/ipv4/tcp_output.c:3335, below its users here
 */
export function sk_forced_mem_schedule(sk: sock, size: number): void {
	if (size <= sk.sk_forward_alloc) return;
	const amt = sk_mem_pages(size);
	sk.sk_forward_alloc += amt * SK_MEM_QUANTUM;
	sk_memory_allocated_add(sk, amt);
}

/**
 * Makes an empty packet for the write queue.
 * PORT: the payload is always in page fragments, so no tailroom is reserved; there is no packet cache.
 * @param size bytes of linear room
 * @param force_schedule take the memory even beyond the limits
 * @returns the packet, or null when memory is short
 * @kernel PORT: net/ipv4/tcp.c:872, below its users here
 */
export function sk_stream_alloc_skb(
	sk: sock,
	size: number,
	force_schedule: boolean,
): sk_buff | null {
	size = (size + 3) & ~3;

	if (tcp_under_memory_pressure(sk)) sk_mem_reclaim_partial(sk);

	const skb = alloc_skb(sk.machine, size + sk.sk_prot.max_header);
	if (force_schedule) sk_forced_mem_schedule(sk, skb.truesize);
	else if (!sk_wmem_schedule(sk, skb.truesize)) {
		__kfree_skb(skb);
		return null;
	}
	skb_reserve(skb, sk.sk_prot.max_header);
	return skb;
}

/**
 * Marks TCP as short of memory.
 * @kernel PORT: net/ipv4/tcp.c:320, below its users here
 */
export function tcp_enter_memory_pressure(sk: sock): void {
	const p = tcp_memory_pressure.of(sk.machine);

	if (p.value !== 0) return;
	p.value = sk.machine.jiffies;
	NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPMEMORYPRESSURES);
}

/**
 * Marks TCP as having memory.
 * @kernel PORT: net/ipv4/tcp.c:335, below its users here
 */
export function tcp_leave_memory_pressure(sk: sock): void {
	const p = tcp_memory_pressure.of(sk.machine);
	const val = p.value;

	if (val === 0) return;
	p.value = 0;
	NET_ADD_STATS(
		sk.sk_net,
		LINUX_MIB_TCPMEMORYPRESSURESCHRONO,
		jiffies_to_msecs(sk.machine.jiffies - val),
	);
}

/**
 * Lets the time since the last change count for the present chronograph, and starts another.
 * @kernel PORT: net/ipv4/tcp_output.c:2462, below its users here
 */
function tcp_chrono_set(tp: tcp_sock, type: number): void {
	const now = tcp_jiffies32(tp);
	const old = tp.chrono_type;

	if (old > TCP_CHRONO_UNSPEC) tp.chrono_stat[old - 1] += now - tp.chrono_start;
	tp.chrono_start = now;
	tp.chrono_type = type;
}

/**
 * Starts a chronograph unless a more important one runs.
 * @param type TCP_CHRONO_*
 * @kernel PORT: net/ipv4/tcp_output.c:2473, below its users here
 */
export function tcp_chrono_start(sk: sock, type: number): void {
	const tp = tcp_sk(sk);

	if (type > tp.chrono_type) tcp_chrono_set(tp, type);
}

/**
 * Stops a chronograph.
 * @param type TCP_CHRONO_*
 * @kernel PORT: net/ipv4/tcp_output.c:2486, below its users here
 */
export function tcp_chrono_stop(sk: sock, type: number): void {
	const tp = tcp_sk(sk);

	if (tcp_rtx_and_write_queues_empty(sk)) tcp_chrono_set(tp, TCP_CHRONO_UNSPEC);
	else if (type === tp.chrono_type) tcp_chrono_set(tp, TCP_CHRONO_BUSY);
}

/**
 * Frees the sent segments.
 * @kernel PORT: net/ipv4/tcp.c:2680, below its users here
 */
function tcp_rtx_queue_purge(sk: sock): void {
	const tp = tcp_sk(sk);
	let skb: sk_buff | null;

	tp.highest_sack = null;
	while ((skb = tp.tcp_rtx_queue.first) !== null) {
		tcp_tsorted_del(tp, skb);
		tcp_rtx_queue_unlink(skb, sk);
		sk_wmem_free_skb(sk, skb);
	}
}

/**
 * Frees all that was written and is not acknowledged.
 * @kernel PORT: net/ipv4/tcp.c:2698, below its users here
 */
export function tcp_write_queue_purge(sk: sock): void {
	const tp = tcp_sk(sk);
	let skb: sk_buff | null;

	tcp_chrono_stop(sk, TCP_CHRONO_BUSY);
	while ((skb = __skb_dequeue(sk.sk_write_queue)) !== null) sk_wmem_free_skb(sk, skb);
	tcp_rtx_queue_purge(sk);
	tp.tsorted_first = null;
	tp.tsorted_last = null;
	sk_mem_reclaim(sk);
	tcp_clear_all_retrans_hints(tp);
	tp.packets_out = 0;
	tp.icsk_backoff = 0;
}

/**
 * Changes the state of a connection; closing it takes it out of the tables.
 * @param state TCP_ESTABLISHED…
 * @kernel PORT: net/ipv4/tcp.c:2361, below its users here
 */
export function tcp_set_state(sk: sock, state: number): void {
	const oldstate = sk.sk_state;

	switch (state) {
		case TCP_ESTABLISHED:
			if (oldstate !== TCP_ESTABLISHED) TCP_INC_STATS(sk.sk_net, TCP_MIB_CURRESTAB);
			break;

		case TCP_CLOSE:
			if (oldstate === TCP_CLOSE_WAIT || oldstate === TCP_ESTABLISHED)
				TCP_INC_STATS(sk.sk_net, TCP_MIB_ESTABRESETS);

			sk.sk_prot.unhash!(sk);
			if (
				inet_csk(sk).icsk_bind_hash !== null &&
				(sk.sk_userlocks & SOCK_BINDPORT_LOCK) === 0
			)
				inet_put_port(sk);
			/* fallthrough */
		default:
			if (oldstate === TCP_ESTABLISHED) TCP_DEC_STATS(sk.sk_net, TCP_MIB_CURRESTAB);
	}

	/* Only now: inet_unhash() looks at the old state. */
	sk.sk_state = state;
}

/**
 * Ends a connection: its timers and its place in the tables; an orphan is destroyed.
 * @kernel PORT: net/ipv4/tcp.c:4047, below its users here
 */
export function tcp_done(sk: sock): void {
	if (sk.sk_state === TCP_SYN_SENT || sk.sk_state === TCP_SYN_RECV)
		TCP_INC_STATS(sk.sk_net, TCP_MIB_ATTEMPTFAILS);

	tcp_set_state(sk, TCP_CLOSE);
	tcp_clear_xmit_timers(sk);

	sk.sk_shutdown = SHUTDOWN_MASK;

	if (!sock_flag(sk, SOCK_DEAD)) sk.sk_state_change(sk);
	else inet_csk_destroy_sock(sk);
}

/**
 * Tells whether there are too many orphans, or too little memory to keep one.
 * @kernel PORT: net/ipv4/tcp.c:2471, below its users here
 */
export function tcp_check_oom(sk: sock, shift: number): boolean {
	const m = sk.machine;
	const too_many_orphans = tcp_too_many_orphans(sk, shift);
	const out_of_socket_memory = tcp_out_of_memory(sk);

	if (too_many_orphans) m.printk('TCP: too many orphaned sockets');
	if (out_of_socket_memory) m.printk('TCP: out of memory -- consider tuning tcp_mem');
	return too_many_orphans || out_of_socket_memory;
}

/**
 * Lets a small socket take the place of a full one that is closed.
 * @param state TCP_TIME_WAIT or TCP_FIN_WAIT2
 * @param timeo jiffies that it stays
 * @kernel PORT: net/ipv4/tcp_minisocks.c:243, below its users here
 */
export function tcp_time_wait(sk: sock, state: number, timeo: number): void {
	const m = sk.machine;
	const icsk = inet_csk(sk);
	const tp = tcp_sk(sk);
	const tw = inet_twsk_alloc(sk, sk.sk_net.ipv4.tcp_death_row, state);

	if (tw !== null) {
		const tcptw = tw as tcp_timewait_sock;
		const rto = (icsk.icsk_rto << 2) - (icsk.icsk_rto >> 1);

		tw.tw_transparent = inet_sk(sk).transparent ? 1 : 0;
		tw.tw_mark = sk.sk_mark;
		tw.tw_priority = sk.sk_priority;
		tw.tw_rcv_wscale = tp.rx_opt.rcv_wscale;
		tcptw.tw_rcv_nxt = tp.rcv_nxt;
		tcptw.tw_snd_nxt = tp.snd_nxt;
		tcptw.tw_rcv_wnd = tcp_receive_window(tp);
		tcptw.tw_ts_recent = tp.rx_opt.ts_recent;
		tcptw.tw_ts_recent_stamp = tp.rx_opt.ts_recent_stamp;
		tcptw.tw_ts_offset = tp.tsoffset;
		tcptw.last_oow_ack_time = 0;
		if (tw.sk_family === AF_INET6) {
			const np = inet6_sk(sk)!;

			tw.sk_v6_daddr.set(sk.sk_v6_daddr);
			tw.sk_v6_rcv_saddr.set(sk.sk_v6_rcv_saddr);
			tw.tw_tos = np.tclass;
			tw.tw_flowlabel = np.flow_label & 0xfffff;
			tw.tw_txhash = sk.sk_txhash;
			tw.sk_ipv6only = sk.sk_ipv6only;
		}

		if (timeo < rto) timeo = rto;

		if (state === TCP_TIME_WAIT) timeo = TCP_TIMEWAIT_LEN;

		m.local_bh_disable();
		inet_twsk_schedule(tw, timeo);
		inet_twsk_hashdance(tw, sk, tcp_hashinfo.of(m));
		m.local_bh_enable();
	} else {
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TCPTIMEWAITOVERFLOW);
	}

	tcp_update_metrics(sk);
	tcp_done(sk);
}

/**
 * Bounds the interval to the next zero window probe by TCP_USER_TIMEOUT.
 * @param when jiffies
 * @kernel PORT: net/ipv4/tcp_timer.c:43, below its users here
 */
export function tcp_clamp_probe0_to_user_timeout(sk: sock, when: number): number {
	const icsk = inet_csk(sk);

	if (icsk.icsk_user_timeout === 0 || icsk.icsk_probes_tstamp === 0) return when;

	const elapsed = Math.max(tcp_jiffies32(sk) - icsk.icsk_probes_tstamp, 0);
	const remaining = msecs_to_jiffies(icsk.icsk_user_timeout) - elapsed;

	return Math.min(Math.max(remaining, TCP_TIMEOUT_MIN), when);
}

/**
 * First guess of the peer's segment size.
 * @kernel PORT: net/ipv4/tcp_input.c:744, below its users here
 */
export function tcp_initialize_rcv_mss(sk: sock): void {
	const tp = tcp_sk(sk);
	let hint = Math.min(tp.advmss, tp.mss_cache);

	hint = Math.min(hint, tp.rcv_wnd >>> 1);
	hint = Math.min(hint, TCP_MSS_DEFAULT);
	hint = Math.max(hint, TCP_MIN_MSS);

	tp.icsk_ack.rcv_mss = hint;
}

/**
 * First congestion window, segments.
 * @kernel PORT: net/ipv4/tcp_input.c:1083, below its users here
 */
export function tcp_init_cwnd(tp: tcp_sock, dst: dst_entry | null): number {
	let cwnd = dst !== null ? dst_metric(dst, RTAX_INITCWND) : 0;

	if (cwnd === 0) cwnd = TCP_INIT_CWND;
	return Math.min(cwnd, tp.snd_cwnd_clamp);
}

/**
 * Moves payload from one packet of the retransmit queue to the one before.
 * @param pcount segments that move
 * @param shiftlen bytes
 * @returns bytes moved, 0 when it cannot be
 * @kernel PORT: net/ipv4/tcp_input.c:1601, below its users here
 */
export function tcp_skb_shift(
	to: sk_buff,
	from: sk_buff,
	pcount: number,
	shiftlen: number,
): number {
	if (to.len + shiftlen >= 65535 * TCP_MIN_GSO_SIZE) return 0;
	if (tcp_skb_pcount(to) + pcount > 65535) return 0;
	return skb_shift(to, from, shiftlen);
}

/**
 * Forgets what was retransmitted and lost.
 * @kernel PORT: net/ipv4/tcp_input.c:2130, below its users here
 */
export function tcp_clear_retrans(tp: tcp_sock): void {
	tp.retrans_out = 0;
	tp.lost_out = 0;
	tp.undo_marker = 0;
	tp.undo_retrans = -1;
	tp.sacked_out = 0;
}

/**
 * Tells the peer with the next new data that its congestion signal was heard.
 * @kernel PORT: net/ipv4/tcp_input.c:412, below its users here
 */
export function tcp_ecn_queue_cwr(tp: tcp_sock): void {
	if ((tp.ecn_flags & TCP_ECN_OK) !== 0) tp.ecn_flags |= TCP_ECN_QUEUE_CWR;
}

/**
 * Begins a reduction of the window.
 * @kernel PORT: net/ipv4/tcp_input.c:2705, below its users here
 */
export function tcp_init_cwnd_reduction(sk: sock): void {
	const tp = tcp_sk(sk);

	tp.high_seq = tp.snd_nxt;
	tp.tlp_high_seq = 0;
	tp.snd_cwnd_cnt = 0;
	tp.prior_cwnd = tp.snd_cwnd;
	tp.prr_delivered = 0;
	tp.prr_out = 0;
	tp.snd_ssthresh = tp.icsk_ca_ops!.ssthresh(sk);
	tcp_ecn_queue_cwr(tp);
}

/**
 * Reduces the window because of congestion without loss.
 * @kernel PORT: net/ipv4/tcp_input.c:2761, below its users here
 */
export function tcp_enter_cwr(sk: sock): void {
	const tp = tcp_sk(sk);

	tp.prior_ssthresh = 0;
	if (tp.icsk_ca_state < TCP_CA_CWR) {
		tp.undo_marker = 0;
		tcp_init_cwnd_reduction(sk);
		tcp_set_ca_state(sk, TCP_CA_CWR);
	}
}

/**
 * Arms the retransmission timer anew, or calls it off when all is acknowledged.
 * @kernel PORT: net/ipv4/tcp_input.c:3329, below its users here
 */
export function tcp_rearm_rto(sk: sock): void {
	const tp = tcp_sk(sk);

	if (tp.packets_out === 0) {
		inet_csk_clear_xmit_timer(sk, ICSK_TIME_RETRANS);
	} else {
		let rto = tp.icsk_rto;

		if (
			tp.icsk_pending === ICSK_TIME_REO_TIMEOUT ||
			tp.icsk_pending === ICSK_TIME_LOSS_PROBE
		)
			rto = usecs_to_jiffies(Math.max(tcp_rto_delta_us(sk), 1));
		tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, rto, TCP_RTO_MAX);
	}
}
