// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/inet_connection_sock.c, base v5.10: ports, accept queues, requests and timers of
 * connection-oriented sockets.
 *
 * PORT: the timer inlines of include/net/inet_connection_sock.h and include/net/tcp.h are at the top;
 * inet_rcv_saddr_equal(), inet_csk_update_fastreuse(), inet_csk_destroy_sock() and inet_get_local_port_range()
 * are in net/ipv4/inet_hashtables.ts, which is below this file, and exported from here too. Nothing
 * sleeps: inet_csk_accept() answers -EAGAIN.
 * PORT: syn_ack_recalc() answers by its two results, syn_ack_expire() and syn_ack_resend().
 * Not ported: fast open, ULP, security hooks.
 */
import type { dst_entry } from '../../include/net/dst.ts';
import { type flowi4, flowi4_init_output } from '../../include/net/flow.ts';
import { inet_bhashfn, type inet_bind_bucket } from '../../include/net/inet_hashtables.ts';
import {
	ICSK_ACK_TIMER,
	ICSK_TIME_DACK,
	ICSK_TIME_PROBE0,
	inet_csk,
	inet_csk_delack_init,
	inet_csk_reqsk_queue_added,
} from '../../include/net/inet_connection_sock.ts';
import { inet_sk, inet_sk_flowi_flags, type ip_options_rcu } from '../../include/net/inet_sock.ts';
import { inet_is_local_reserved_port } from '../../include/net/ip.ts';
import {
	inet_rsk,
	reqsk_queue_empty,
	reqsk_queue_len,
	reqsk_queue_len_young,
	reqsk_queue_remove,
	reqsk_queue_removed,
	request_sock_queue,
	type request_sock,
} from '../../include/net/request_sock.ts';
import type { rtable } from '../../include/net/route.ts';
import { RT_TOS, RTO_ONLINK } from '../../include/net/route.ts';
import { IP_INC_STATS } from '../../include/net/snmp.ts';
import {
	SK_CAN_REUSE,
	SK_FORCE_REUSE,
	sk_acceptq_added,
	sk_hashed,
	SOCK_DEAD,
	sock_flag,
	sock_hold,
	SOCK_LOCALROUTE,
	sock_orphan,
	SOCK_RCU_FREE,
	sock_reset_flag,
	sock_set_flag,
	type sock,
} from '../../include/net/sock.ts';
import {
	TCP_RTO_MAX,
	tcp_pacing_delay,
	tcp_probe0_base,
	TCP_TIMEOUT_INIT,
} from '../../include/net/tcp.ts';
import { tcp_sk } from '../../include/linux/tcp.ts';
import { TCP_CLOSE, TCP_LISTEN, TCP_SYN_RECV, TCP_TIME_WAIT } from '../../include/net/tcp_states.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { prandom_u32, WARN_ON, type Machine } from '../../include/linux/machine.ts';
import { O_NONBLOCK } from '../../include/linux/net.ts';
import {
	del_timer_sync,
	mod_timer,
	timer_pending,
	timer_setup,
} from '../../include/linux/timer.ts';
import { htons } from '../../include/linux/byteorder/generic.ts';
import { EADDRINUSE, EAGAIN, EINVAL } from '../../include/uapi/linux/errno.ts';
import { RT_SCOPE_UNIVERSE } from '../../include/uapi/linux/rtnetlink.ts';
import { IPSTATS_MIB_OUTNOROUTES } from '../../include/uapi/linux/snmp.ts';
import { reqsk_put, reqsk_queue_alloc } from '../core/request_sock.ts';
import {
	__sk_del_node_init,
	__sk_dst_check,
	lock_sock,
	release_sock,
	sk_clone_lock,
	sk_dst_reset,
	sk_reset_timer,
	sk_setup_caps,
	sk_stop_timer,
	sock_put,
} from '../core/sock.ts';
import {
	bind_bucket_find,
	inet_bind_bucket_create,
	inet_bind_hash,
	inet_csk_destroy_sock,
	inet_csk_update_fastreuse,
	inet_ehash_insert,
	inet_get_local_port_range,
	inet_rcv_saddr_any,
	inet_rcv_saddr_equal,
	inet_sk_bound_l3mdev,
	inet_sk_set_state,
	sk_reuseport_match,
} from './inet_hashtables.ts';
import { ip_route_output_flow, ip_route_output_ports, ip_rt_put } from './route.ts';

export {
	inet_csk_destroy_sock,
	inet_csk_update_fastreuse,
	inet_get_local_port_range,
	inet_rcv_saddr_any,
	inet_rcv_saddr_equal,
};

/**
 * Type of service and on-link flag by which a connected socket is routed.
 * @kernel PORT: the macro RT_CONN_FLAGS of include/net/route.h
 */
export function RT_CONN_FLAGS(sk: sock): number {
	return RT_TOS(inet_sk(sk).tos) | (sock_flag(sk, SOCK_LOCALROUTE) ? RTO_ONLINK : 0);
}

/**
 * Calls a transmit timer off. It may still fire, and finds nothing pending.
 * @param what ICSK_TIME_RETRANS, _PROBE0 or _DACK
 * @kernel PORT: inline of include/net/inet_connection_sock.h:197, include/ does not import net/
 */
export function inet_csk_clear_xmit_timer(sk: sock, what: number): void {
	const icsk = inet_csk(sk);

	if (what === ICSK_TIME_DACK) {
		icsk.icsk_ack.pending = 0;
		icsk.icsk_ack.retry = 0;
	} else {
		icsk.icsk_pending = 0;
	}
}

/**
 * Arms a transmit timer.
 * @param what ICSK_TIME_*
 * @param when jiffies from now
 * @param max_when upper bound of when
 * @kernel PORT: inline of include/net/inet_connection_sock.h:221, include/ does not import net/
 */
export function inet_csk_reset_xmit_timer(
	sk: sock,
	what: number,
	when: number,
	max_when: number,
): void {
	const icsk = inet_csk(sk);
	const now = sk.machine.jiffies;

	if (when > max_when) when = max_when;

	if (what === ICSK_TIME_DACK) {
		icsk.icsk_ack.pending |= ICSK_ACK_TIMER;
		icsk.icsk_ack.timeout = now + when;
		sk_reset_timer(sk, icsk.icsk_delack_timer!, icsk.icsk_ack.timeout);
	} else {
		icsk.icsk_pending = what;
		icsk.icsk_timeout = now + when;
		sk_reset_timer(sk, icsk.icsk_retransmit_timer!, icsk.icsk_timeout);
	}
}

/**
 * Arms a transmit timer no sooner than pacing lets a packet go.
 * @kernel PORT: inline of include/net/tcp.h:1295, include/ does not import net/
 */
export function tcp_reset_xmit_timer(
	sk: sock,
	what: number,
	when: number,
	max_when: number,
): void {
	inet_csk_reset_xmit_timer(sk, what, when + tcp_pacing_delay(sk), max_when);
}

/**
 * Arms the zero window probe timer when nothing else would wake the connection.
 * @kernel PORT: inline of include/net/tcp.h:1324, include/ does not import net/
 */
export function tcp_check_probe_timer(sk: sock): void {
	if (tcp_sk(sk).packets_out === 0 && inet_csk(sk).icsk_pending === 0)
		tcp_reset_xmit_timer(sk, ICSK_TIME_PROBE0, tcp_probe0_base(sk), TCP_RTO_MAX);
}

/**
 * Readies a socket for inet_csk_destroy_sock().
 * @kernel PORT: inline of include/net/inet_connection_sock.h:297, include/ does not import net/
 */
export function inet_csk_prepare_for_destroy_sock(sk: sock): void {
	sock_set_flag(sk, SOCK_DEAD);
	sk.sk_prot.orphan_count!.of(sk.machine).value++;
}

/**
 * Tells whether the owners of a port keep another socket out.
 * @kernel net/ipv4/inet_connection_sock.c:133 (v5.10)
 */
function inet_csk_bind_conflict(
	sk: sock,
	tb: inet_bind_bucket,
	relax: boolean,
	reuseport_ok: boolean,
): boolean {
	const reuse = sk.sk_reuse !== 0;
	const reuseport = sk.sk_reuseport;
	const in_group = reuseport && sk.sk_state === TCP_LISTEN && sk_hashed(sk);

	for (let n = tb.owners.first; n !== null; n = n.next) {
		const sk2 = n.item;
		if (
			sk === sk2 ||
			(sk.sk_bound_dev_if !== 0 &&
				sk2.sk_bound_dev_if !== 0 &&
				sk.sk_bound_dev_if !== sk2.sk_bound_dev_if)
		)
			continue;
		const same_uid = sk2.sk_state === TCP_TIME_WAIT || sk.sk_uid === (sk2 as sock).sk_uid;
		if (reuse && sk2.sk_reuse !== 0 && sk2.sk_state !== TCP_LISTEN) {
			if (
				(!relax ||
					(!reuseport_ok &&
						reuseport &&
						sk2.sk_reuseport &&
						!in_group &&
						same_uid)) &&
				inet_rcv_saddr_equal(sk, sk2, true)
			)
				return true;
		} else if (!reuseport_ok || !reuseport || !sk2.sk_reuseport || in_group || !same_uid) {
			if (inet_rcv_saddr_equal(sk, sk2, true)) return true;
		}
	}
	return false;
}

/**
 * Finds a port that a socket may be bound to, odd ones first.
 * @returns host order, 0 when there is none
 * @kernel net/ipv4/inet_connection_sock.c:182 (v5.10)
 */
function inet_csk_find_open_port(sk: sock): number {
	const hinfo = sk.sk_prot.hashinfo!.of(sk.machine);
	const net = sk.sk_net;
	const l3mdev = inet_sk_bound_l3mdev(sk);
	let relax = false;

	for (;;) {
		let attempt_half = sk.sk_reuse === SK_CAN_REUSE ? 1 : 0;
		for (;;) {
			let [low, high] = inet_get_local_port_range(net);
			high++;
			if (high - low < 4) attempt_half = 0;
			if (attempt_half !== 0) {
				const half = low + (((high - low) >> 2) << 1);

				if (attempt_half === 1) high = half;
				else low = half;
			}
			let remaining = high - low;
			if (remaining > 1) remaining &= ~1;

			let offset = prandom_u32(sk.machine) % remaining;
			offset |= 1;
			do {
				let port = low + offset;
				for (let i = 0; i < remaining; i += 2, port += 2) {
					if (port >= high) port -= remaining;
					if (inet_is_local_reserved_port(net, port)) continue;
					const head = hinfo.bhash[inet_bhashfn(net, port, hinfo.bhash_size)];
					const tb = bind_bucket_find(head, net, l3mdev, port);
					if (tb === null || !inet_csk_bind_conflict(sk, tb, relax, false))
						return port;
				}
				offset--;
			} while ((offset & 1) === 0);

			if (attempt_half !== 1) break;
			attempt_half = 2;
		}

		if (net.ipv4.sysctl_ip_autobind_reuse === 0 || relax) return 0;
		relax = true;
	}
}

/**
 * Binds a socket to a local port.
 * @param snum host order, 0 for any free one
 * @returns 0, or 1 when the port is taken
 * @kernel net/ipv4/inet_connection_sock.c:354 (v5.10)
 */
export function inet_csk_get_port(sk: sock, snum: number): number {
	const reuse = sk.sk_reuse !== 0 && sk.sk_state !== TCP_LISTEN;
	const hinfo = sk.sk_prot.hashinfo!.of(sk.machine);
	const net = sk.sk_net;
	const l3mdev = inet_sk_bound_l3mdev(sk);
	let port = snum;

	if (port === 0) {
		port = inet_csk_find_open_port(sk);
		if (port === 0) return 1;
	}
	const head = hinfo.bhash[inet_bhashfn(net, port, hinfo.bhash_size)];
	let tb = bind_bucket_find(head, net, l3mdev, port);
	tb ??= inet_bind_bucket_create(hinfo, net, head, port, l3mdev);
	if (snum !== 0 && tb.owners.first !== null) {
		const allowed =
			sk.sk_reuse === SK_FORCE_REUSE ||
			(tb.fastreuse > 0 && reuse) ||
			sk_reuseport_match(tb, sk);
		if (!allowed && inet_csk_bind_conflict(sk, tb, true, true)) return 1;
	}
	inet_csk_update_fastreuse(tb, sk);

	if (inet_csk(sk).icsk_bind_hash === null) inet_bind_hash(sk, tb, port);
	WARN_ON(
		sk.machine,
		inet_csk(sk).icsk_bind_hash !== tb,
		'inet_csk_get_port',
		'socket is bound to another port',
	);
	return 0;
}

/**
 * Takes the oldest connection that waits to be accepted.
 * @returns the child, -EINVAL when the socket does not listen, -EAGAIN when none waits
 * @kernel net/ipv4/inet_connection_sock.c:463 (v5.10)
 */
export function inet_csk_accept(sk: sock, _flags: number, _kern: boolean): sock | number {
	const queue = inet_csk(sk).icsk_accept_queue;
	let newsk: sock | number;

	lock_sock(sk);
	if (sk.sk_state !== TCP_LISTEN) {
		newsk = -EINVAL;
	} else if (reqsk_queue_empty(queue)) {
		newsk = -EAGAIN;
	} else {
		const req = reqsk_queue_remove(queue, sk)!;
		newsk = req.sk!;
		release_sock(sk);
		reqsk_put(req);
		return newsk;
	}
	release_sock(sk);
	return newsk;
}

/**
 * Makes the timers of a socket.
 * @kernel net/ipv4/inet_connection_sock.c:549 (v5.10)
 */
export function inet_csk_init_xmit_timers(
	sk: sock,
	retransmit_handler: (sk: sock) => void,
	delack_handler: (sk: sock) => void,
	keepalive_handler: (sk: sock) => void,
): void {
	const icsk = inet_csk(sk);
	const m = sk.machine;

	icsk.icsk_retransmit_timer = timer_setup(m, () => retransmit_handler(sk));
	icsk.icsk_delack_timer = timer_setup(m, () => delack_handler(sk));
	sk.sk_timer.event.fn = () => keepalive_handler(sk);
	icsk.icsk_pending = 0;
	icsk.icsk_ack.pending = 0;
}

/**
 * Stops the timers of a socket.
 * @kernel net/ipv4/inet_connection_sock.c:563 (v5.10)
 */
export function inet_csk_clear_xmit_timers(sk: sock): void {
	const icsk = inet_csk(sk);

	icsk.icsk_pending = 0;
	icsk.icsk_ack.pending = 0;

	sk_stop_timer(sk, icsk.icsk_retransmit_timer!);
	sk_stop_timer(sk, icsk.icsk_delack_timer!);
	sk_stop_timer(sk, sk.sk_timer);
}

/**
 * Stops the keepalive timer.
 * @kernel net/ipv4/inet_connection_sock.c:575 (v5.10)
 */
export function inet_csk_delete_keepalive_timer(sk: sock): void {
	sk_stop_timer(sk, sk.sk_timer);
}

/**
 * Arms the keepalive timer; len in jiffies from now.
 * @kernel net/ipv4/inet_connection_sock.c:581 (v5.10)
 */
export function inet_csk_reset_keepalive_timer(sk: sock, len: number): void {
	sk_reset_timer(sk, sk.sk_timer, sk.machine.jiffies + len);
}

/**
 * Fills the flow of a request and finds its route.
 * @kernel PORT: the lines that inet_csk_route_req() and inet_csk_route_child_sock() share
 */
function route_req(sk: sock, fl4: flowi4, req: request_sock): dst_entry | null {
	const ireq = inet_rsk(req);
	const net = ireq.sk_net;
	const opt: ip_options_rcu | null = ireq.ireq_opt;

	flowi4_init_output(
		fl4,
		ireq.ir_iif,
		ireq.ir_mark,
		RT_CONN_FLAGS(sk),
		RT_SCOPE_UNIVERSE,
		sk.sk_protocol,
		inet_sk_flowi_flags(sk),
		opt !== null && opt.opt.srr !== 0 ? opt.opt.faddr : ireq.ir_rmt_addr,
		ireq.ir_loc_addr,
		ireq.ir_rmt_port,
		htons(ireq.ir_num),
		sk.sk_uid,
	);
	const rt = ip_route_output_flow(net, fl4, sk);
	if (!IS_ERR(rt)) {
		if (opt === null || !opt.opt.is_strictroute || rt.rt_uses_gateway === 0) return rt;
		ip_rt_put(rt);
	}
	IP_INC_STATS(net, IPSTATS_MIB_OUTNOROUTES);
	return null;
}

/**
 * Route for the SYN-ACK of a request.
 * @param fl4 is filled
 * @returns a referenced destination, or null
 * @kernel net/ipv4/inet_connection_sock.c:587 (v5.10)
 */
export function inet_csk_route_req(sk: sock, fl4: flowi4, req: request_sock): dst_entry | null {
	return route_req(sk, fl4, req);
}

/**
 * Route for the child of a request; fills the child's own flow.
 * @returns a referenced destination, or null
 * @kernel net/ipv4/inet_connection_sock.c:623 (v5.10)
 */
export function inet_csk_route_child_sock(
	sk: sock,
	newsk: sock,
	req: request_sock,
): dst_entry | null {
	return route_req(sk, inet_sk(newsk).cork.fl4, req);
}

/**
 * Tells whether a request is given up.
 * @kernel net/ipv4/inet_connection_sock.c:672 (v5.10)
 */
function syn_ack_expire(
	req: request_sock,
	max_syn_ack_retries: number,
	rskq_defer_accept: number,
): boolean {
	if (rskq_defer_accept === 0) return req.num_timeout >= max_syn_ack_retries;
	return (
		req.num_timeout >= max_syn_ack_retries &&
		(!inet_rsk(req).acked || req.num_timeout >= rskq_defer_accept)
	);
}

/**
 * Tells whether the SYN-ACK of a request is sent again.
 * @kernel net/ipv4/inet_connection_sock.c:672 (v5.10)
 */
function syn_ack_resend(req: request_sock, rskq_defer_accept: number): boolean {
	if (rskq_defer_accept === 0) return true;
	return !inet_rsk(req).acked || req.num_timeout >= rskq_defer_accept - 1;
}

/**
 * Sends the SYN-ACK of a request again and counts it.
 * @kernel net/ipv4/inet_connection_sock.c:680 (v5.10)
 */
export function inet_rtx_syn_ack(parent: sock, req: request_sock): number {
	const err = req.rsk_ops!.rtx_syn_ack(parent, req);

	if (err === 0) req.num_retrans++;
	return err;
}

/**
 * Takes a request out of the table and stops its timer; tells whether it was in the table.
 * @kernel net/ipv4/inet_connection_sock.c:691 (v5.10)
 */
function reqsk_queue_unlink(req: request_sock): boolean {
	let found = false;

	if (sk_hashed(req)) found = __sk_del_node_init(req);
	if (timer_pending(req.rsk_timer!) && del_timer_sync(req.rsk_timer!) !== 0) reqsk_put(req);
	return found;
}

/**
 * Takes a request out of its listener's table.
 * @kernel net/ipv4/inet_connection_sock.c:708 (v5.10)
 */
export function inet_csk_reqsk_queue_drop(sk: sock, req: request_sock): void {
	if (reqsk_queue_unlink(req)) {
		reqsk_queue_removed(inet_csk(sk).icsk_accept_queue, req);
		reqsk_put(req);
	}
}

/**
 * Takes a request out of its listener's table and drops the caller's reference.
 * @kernel net/ipv4/inet_connection_sock.c:717 (v5.10)
 */
export function inet_csk_reqsk_queue_drop_and_put(sk: sock, req: request_sock): void {
	inet_csk_reqsk_queue_drop(sk, req);
	reqsk_put(req);
}

/**
 * The SYN-ACK of a request was not answered in time.
 * @kernel net/ipv4/inet_connection_sock.c:724 (v5.10)
 */
function reqsk_timer_handler(req: request_sock): void {
	const sk_listener = req.rsk_listener!;
	const net = sk_listener.sk_net;
	const icsk = inet_csk(sk_listener);
	const queue = icsk.icsk_accept_queue;

	if (sk_listener.sk_state === TCP_LISTEN) {
		let max_syn_ack_retries =
			icsk.icsk_syn_retries || net.ipv4.sysctl_tcp_synack_retries;
		/* Half of the queue is kept for young requests; old ones go sooner when it fills. */
		const qlen = reqsk_queue_len(queue);
		if (qlen << 1 > Math.max(8, sk_listener.sk_max_ack_backlog)) {
			let young = reqsk_queue_len_young(queue) << 1;

			while (max_syn_ack_retries > 2) {
				if (qlen < young) break;
				max_syn_ack_retries--;
				young <<= 1;
			}
		}
		const expire = syn_ack_expire(req, max_syn_ack_retries, queue.rskq_defer_accept);
		const resend = syn_ack_resend(req, queue.rskq_defer_accept);
		req.rsk_ops!.syn_ack_timeout(req);
		if (
			!expire &&
			(!resend || inet_rtx_syn_ack(sk_listener, req) === 0 || inet_rsk(req).acked)
		) {
			if (req.num_timeout++ === 0) queue.young--;
			const timeo = Math.min(TCP_TIMEOUT_INIT * 2 ** req.num_timeout, TCP_RTO_MAX);
			mod_timer(req.rsk_timer!, req.machine.jiffies + timeo);
			return;
		}
	}
	inet_csk_reqsk_queue_drop_and_put(sk_listener, req);
}

/**
 * Puts a request into the table and starts its timer.
 * @kernel net/ipv4/inet_connection_sock.c:784 (v5.10)
 */
function reqsk_queue_hash_req(req: request_sock, timeout: number): void {
	req.rsk_timer = timer_setup(req.machine, () => reqsk_timer_handler(req));
	mod_timer(req.rsk_timer, req.machine.jiffies + timeout);

	inet_ehash_insert(req, null, null);
	/* The table, the timer and the caller hold one each. */
	req.sk_refcnt = 2 + 1;
}

/**
 * Puts a new request into its listener's table; timeout in jiffies.
 * @kernel net/ipv4/inet_connection_sock.c:798 (v5.10)
 */
export function inet_csk_reqsk_queue_hash_add(
	sk: sock,
	req: request_sock,
	timeout: number,
): void {
	reqsk_queue_hash_req(req, timeout);
	inet_csk_reqsk_queue_added(sk);
}

/**
 * Makes the socket of a request by copying its listener.
 * @returns the socket, owned by nobody and with two references
 * @kernel net/ipv4/inet_connection_sock.c:826 (v5.10)
 */
export function inet_csk_clone_lock(sk: sock, req: request_sock): sock | null {
	const newsk = sk_clone_lock(sk);

	if (newsk !== null) {
		const newicsk = inet_csk(newsk);
		const ireq = inet_rsk(req);

		inet_sk_set_state(newsk, TCP_SYN_RECV);
		newicsk.icsk_bind_hash = null;

		newicsk.inet_dport = ireq.ir_rmt_port;
		newicsk.inet_num = ireq.ir_num;
		newicsk.inet_sport = htons(ireq.ir_num);

		sock_reset_flag(newsk, SOCK_RCU_FREE);

		newsk.sk_mark = ireq.ir_mark;
		newsk.sk_cookie = ireq.sk_cookie;

		newicsk.icsk_retransmits = 0;
		newicsk.icsk_backoff = 0;
		newicsk.icsk_probes_out = 0;
		newicsk.icsk_probes_tstamp = 0;

		newicsk.icsk_accept_queue = new request_sock_queue();
	}
	return newsk;
}

/**
 * Gives a child up that cannot be finished; inet_csk_destroy_sock() may follow.
 * @kernel net/ipv4/inet_connection_sock.c:901 (v5.10)
 */
export function inet_csk_prepare_forced_close(sk: sock): void {
	/* sk_clone_lock() took a second reference. */
	sock_put(sk);
	inet_csk_prepare_for_destroy_sock(sk);
	inet_sk(sk).inet_num = 0;
}

/**
 * Makes a socket a listener.
 * @returns 0, or -EADDRINUSE when its port is taken
 * @kernel net/ipv4/inet_connection_sock.c:912 (v5.10)
 */
export function inet_csk_listen_start(sk: sock, _backlog: number): number {
	const icsk = inet_csk(sk);
	const inet = inet_sk(sk);
	let err = -EADDRINUSE;

	reqsk_queue_alloc(icsk.icsk_accept_queue);

	sk.sk_ack_backlog = 0;
	inet_csk_delack_init(sk);

	sk.sk_state = TCP_LISTEN;
	if (sk.sk_prot.get_port!(sk, inet.inet_num) === 0) {
		inet.inet_sport = htons(inet.inet_num);

		sk_dst_reset(sk);
		err = sk.sk_prot.hash!(sk);

		if (err === 0) return 0;
	}

	inet_sk_set_state(sk, TCP_CLOSE);
	return err;
}

/**
 * Ends a child that nobody accepted.
 * @kernel net/ipv4/inet_connection_sock.c:944 (v5.10)
 */
function inet_child_forget(sk: sock, _req: request_sock, child: sock): void {
	sk.sk_prot.disconnect!(child, O_NONBLOCK);

	sock_orphan(child);

	sk.sk_prot.orphan_count!.of(sk.machine).value++;

	inet_csk_destroy_sock(child);
}

/**
 * Puts a finished connection into its listener's accept queue; null when the listener is gone.
 * @kernel net/ipv4/inet_connection_sock.c:968 (v5.10)
 */
export function inet_csk_reqsk_queue_add(
	sk: sock,
	req: request_sock,
	child: sock,
): sock | null {
	const queue = inet_csk(sk).icsk_accept_queue;

	if (sk.sk_state !== TCP_LISTEN) {
		inet_child_forget(sk, req, child);
		return null;
	}
	req.sk = child;
	req.dl_next = null;
	if (queue.rskq_accept_head === null) queue.rskq_accept_head = req;
	else queue.rskq_accept_tail!.dl_next = req;
	queue.rskq_accept_tail = req;
	sk_acceptq_added(sk);
	return child;
}

/**
 * Moves a request from the table to the accept queue, with its new socket.
 * @kernel net/ipv4/inet_connection_sock.c:993 (v5.10)
 */
export function inet_csk_complete_hashdance(
	sk: sock,
	child: sock,
	req: request_sock,
	own_req: boolean,
): sock | null {
	if (own_req) {
		inet_csk_reqsk_queue_drop(sk, req);
		reqsk_queue_removed(inet_csk(sk).icsk_accept_queue, req);
		if (inet_csk_reqsk_queue_add(sk, req, child) !== null) return child;
	}
	sock_put(child);
	return null;
}

/**
 * Ends the connections that a closing listener did not accept.
 * @kernel net/ipv4/inet_connection_sock.c:1013 (v5.10)
 */
export function inet_csk_listen_stop(sk: sock): void {
	const m: Machine = sk.machine;
	const queue = inet_csk(sk).icsk_accept_queue;
	let req: request_sock | null;

	while ((req = reqsk_queue_remove(queue, sk)) !== null) {
		const child = req.sk!;

		m.local_bh_disable();
		sock_hold(child);

		inet_child_forget(sk, req, child);
		reqsk_put(req);
		m.local_bh_enable();
		sock_put(child);
	}
	WARN_ON(m, sk.sk_ack_backlog !== 0, 'inet_csk_listen_stop', 'accept queue miscounted');
}

/**
 * Routes a connected socket anew.
 * @kernel net/ipv4/inet_connection_sock.c:1070 (v5.10)
 */
function inet_csk_rebuild_route(sk: sock, fl4: flowi4): dst_entry | null {
	const inet = inet_sk(sk);
	const inet_opt = inet.inet_opt;
	let daddr = inet.inet_daddr;

	if (inet_opt !== null && inet_opt.opt.srr !== 0) daddr = inet_opt.opt.faddr;
	const rt: rtable | number = ip_route_output_ports(
		sk.sk_net,
		fl4,
		sk,
		daddr,
		inet.inet_saddr,
		inet.inet_dport,
		inet.inet_sport,
		sk.sk_protocol,
		RT_CONN_FLAGS(sk),
		sk.sk_bound_dev_if,
	);
	if (IS_ERR(rt)) return null;
	sk_setup_caps(sk, rt);
	return rt;
}

/**
 * Tells the route of a socket its new path MTU.
 * @param mtu bytes
 * @returns the socket's destination, borrowed, or null
 * @kernel net/ipv4/inet_connection_sock.c:1096 (v5.10)
 */
export function inet_csk_update_pmtu(sk: sock, mtu: number): dst_entry | null {
	const inet = inet_sk(sk);
	let dst = __sk_dst_check(sk, 0);

	if (dst === null) {
		dst = inet_csk_rebuild_route(sk, inet.cork.fl4);
		if (dst === null) return null;
	}
	dst.ops.update_pmtu?.(dst, sk, null, mtu, true);

	dst = __sk_dst_check(sk, 0);
	dst ??= inet_csk_rebuild_route(sk, inet.cork.fl4);
	return dst;
}
