// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/inet_timewait_sock.c, base v5.10: sockets in TIME_WAIT.
 *
 * PORT: inet_bind_bucket_destroy() of net/ipv4/inet_hashtables.c is here, below its users.
 * PORT: inet_twsk_add_node_rcu() and inet_twsk_add_bind_node() are each one call of a list, in place.
 */
import type { inet_bind_bucket, inet_hashinfo } from '../../include/net/inet_hashtables.ts';
import { inet_ehash_bucket } from '../../include/net/inet_hashtables.ts';
import type {
	inet_timewait_death_row,
	inet_timewait_sock,
} from '../../include/net/inet_timewait_sock.ts';
import { inet_twsk } from '../../include/net/inet_timewait_sock.ts';
import { inet_csk } from '../../include/net/inet_connection_sock.ts';
import { inet_sk } from '../../include/net/inet_sock.ts';
import { twsk_destructor } from '../../include/net/timewait_sock.ts';
import { NET_INC_STATS } from '../../include/net/snmp.ts';
import { __sock_put, type sock, type sock_common } from '../../include/net/sock.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { TCP_TIME_WAIT } from '../../include/net/tcp_states.ts';
import { hlist_add_head, hlist_del_init, hlist_empty } from '../../include/linux/list.ts';
import { hlist_nulls_add_head } from '../../include/linux/list_nulls.ts';
import { HZ, WARN_ON } from '../../include/linux/machine.ts';
import { del_timer_sync, mod_timer, timer_pending, timer_setup } from '../../include/linux/timer.ts';
import { LINUX_MIB_TIMEWAITED, LINUX_MIB_TIMEWAITKILLED } from '../../include/uapi/linux/snmp.ts';
import {
	__sk_del_node_init,
	sk_nulls_del_node_init_rcu,
	sock_prot_inuse_add,
} from '../core/sock.ts';

/**
 * Frees a bind bucket that no socket uses.
 * @kernel PORT: net/ipv4/inet_hashtables.c:86, below its users here
 */
export function inet_bind_bucket_destroy(hashinfo: inet_hashinfo, tb: inet_bind_bucket): void {
	if (hlist_empty(tb.owners)) {
		hlist_del_init(tb.node);
		hashinfo.bind_buckets--;
	}
}

/**
 * Takes a socket off its port's bind bucket.
 * @kernel net/ipv4/inet_timewait_sock.c:29 (v5.10)
 */
export function inet_twsk_bind_unhash(tw: inet_timewait_sock, hashinfo: inet_hashinfo): void {
	const tb = tw.tw_tb;

	if (tb === null) return;

	hlist_del_init(tw.sk_bind_node);
	tw.tw_tb = null;
	inet_bind_bucket_destroy(hashinfo, tb);
	__sock_put(tw);
}

/**
 * Ends a TIME_WAIT: takes the socket out of the tables and drops the timer's reference.
 * @kernel net/ipv4/inet_timewait_sock.c:44 (v5.10)
 */
function inet_twsk_kill(tw: inet_timewait_sock): void {
	const hashinfo = tw.tw_dr!.hashinfo!;

	sk_nulls_del_node_init_rcu(tw);

	inet_twsk_bind_unhash(tw, hashinfo);

	tw.tw_dr!.tw_count--;
	inet_twsk_put(tw);
}

/**
 * Frees a socket that nobody refers to.
 * @kernel net/ipv4/inet_timewait_sock.c:66 (v5.10)
 */
export function inet_twsk_free(tw: inet_timewait_sock): void {
	twsk_destructor(tw);
}

/**
 * Drops a reference.
 * @kernel net/ipv4/inet_timewait_sock.c:77 (v5.10)
 */
export function inet_twsk_put(tw: inet_timewait_sock): void {
	if (--tw.sk_refcnt === 0) inet_twsk_free(tw);
}

/**
 * Puts a TIME_WAIT socket into the tables in place of the full one.
 * @kernel net/ipv4/inet_timewait_sock.c:101 (v5.10)
 */
export function inet_twsk_hashdance(
	tw: inet_timewait_sock,
	sk: sock,
	hashinfo: inet_hashinfo,
): void {
	const icsk = inet_csk(sk);
	const ehead = inet_ehash_bucket(hashinfo, sk.sk_hash);

	tw.tw_tb = icsk.icsk_bind_hash;
	WARN_ON(tw.machine, icsk.icsk_bind_hash === null, 'inet_twsk_hashdance', 'port is not bound');
	if (tw.tw_tb !== null) hlist_add_head(tw.sk_bind_node, tw.tw_tb.owners);

	hlist_nulls_add_head<sock_common>(tw, ehead);

	if (__sk_del_node_init(sk)) sock_prot_inuse_add(sk.sk_net, sk.sk_prot, -1);

	/* One reference each of the two tables and of the timer. */
	tw.sk_refcnt = 3;
}

/**
 * The time is over.
 * @kernel net/ipv4/inet_timewait_sock.c:144 (v5.10)
 */
function tw_timer_handler(tw: inet_timewait_sock): void {
	if (tw.tw_kill !== 0) NET_INC_STATS(tw.sk_net, LINUX_MIB_TIMEWAITKILLED);
	else NET_INC_STATS(tw.sk_net, LINUX_MIB_TIMEWAITED);
	inet_twsk_kill(tw);
}

/**
 * Makes a TIME_WAIT socket with the identity of a full one.
 * @param state TCP_TIME_WAIT or TCP_FIN_WAIT2
 * @returns null when there are too many
 * @kernel net/ipv4/inet_timewait_sock.c:155 (v5.10)
 */
export function inet_twsk_alloc(
	sk: sock,
	dr: inet_timewait_death_row,
	state: number,
): inet_timewait_sock | null {
	if (dr.tw_count >= dr.sysctl_max_tw_buckets) return null;

	const tw = sk.sk_prot_creator.twsk_prot!.twsk_alloc(sk.sk_net, sk.sk_prot_creator);
	const inet = inet_sk(sk);

	tw.tw_dr = dr;
	tw.sk_daddr = inet.inet_daddr;
	tw.sk_rcv_saddr = inet.inet_rcv_saddr;
	tw.sk_bound_dev_if = sk.sk_bound_dev_if;
	tw.tw_tos = inet.tos;
	tw.sk_num = inet.inet_num;
	tw.sk_state = TCP_TIME_WAIT;
	tw.tw_substate = state;
	tw.tw_sport = inet.inet_sport;
	tw.sk_dport = inet.inet_dport;
	tw.sk_family = sk.sk_family;
	tw.sk_reuse = sk.sk_reuse;
	tw.sk_reuseport = sk.sk_reuseport;
	tw.sk_hash = sk.sk_hash;
	tw.sk_ipv6only = false;
	tw.tw_transparent = inet.transparent ? 1 : 0;
	tw.sk_cookie = sk.sk_cookie;
	tw.tw_timer = timer_setup(tw.machine, () => tw_timer_handler(tw));
	tw.sk_refcnt = 0;
	return tw;
}

/**
 * Ends a TIME_WAIT before its time; takes over the caller's reference.
 * @kernel net/ipv4/inet_timewait_sock.c:212 (v5.10)
 */
export function inet_twsk_deschedule_put(tw: inet_timewait_sock): void {
	if (del_timer_sync(tw.tw_timer!) !== 0) inet_twsk_kill(tw);
	inet_twsk_put(tw);
}

/**
 * Arms the timer that ends a TIME_WAIT, or moves it when it still runs; timeo in jiffies.
 * @kernel net/ipv4/inet_timewait_sock.c:220 (v5.10)
 */
export function __inet_twsk_schedule(tw: inet_timewait_sock, timeo: number, rearm: boolean): void {
	const m = tw.machine;

	tw.tw_kill = timeo <= 4 * HZ ? 1 : 0;
	if (!rearm) {
		mod_timer(tw.tw_timer!, m.jiffies + timeo);
		tw.tw_dr!.tw_count++;
	} else if (timer_pending(tw.tw_timer!)) {
		mod_timer(tw.tw_timer!, m.jiffies + timeo);
	}
}

/**
 * Arms the timer that ends a TIME_WAIT.
 * @param timeo jiffies
 * @kernel PORT: inline of include/net/inet_timewait_sock.h:100, include/ does not import net/
 */
export function inet_twsk_schedule(tw: inet_timewait_sock, timeo: number): void {
	__inet_twsk_schedule(tw, timeo, false);
}

/**
 * Moves the timer that ends a TIME_WAIT.
 * @param timeo jiffies
 * @kernel PORT: inline of include/net/inet_timewait_sock.h:105, include/ does not import net/
 */
export function inet_twsk_reschedule(tw: inet_timewait_sock, timeo: number): void {
	__inet_twsk_schedule(tw, timeo, true);
}

/**
 * Ends every TIME_WAIT of a namespace that goes.
 * PORT: the C finds dead namespaces by their reference count; here the caller names the one.
 * @kernel net/ipv4/inet_timewait_sock.c:257 (v5.10)
 */
export function inet_twsk_purge(hashinfo: inet_hashinfo, family: number, net: net): void {
	for (const head of hashinfo.ehash) {
		let next = head.first;
		while (next !== null) {
			const sk: sock_common = next;
			next = sk.hnnode_next;
			if (sk.sk_state !== TCP_TIME_WAIT) continue;
			if (sk.sk_family !== family || sk.sk_net !== net) continue;
			const tw = inet_twsk(sk);
			tw.sk_refcnt++;
			inet_twsk_deschedule_put(tw);
		}
	}
}
