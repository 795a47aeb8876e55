// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/tcp_cong.c, base v5.10: choosing a congestion control, and Reno.
 *
 * PORT: the operations are objects of a machine, because their flags can be changed; icsk_ca_priv is made by
 * the init function.
 * Not ported: loading of modules; every congestion control of this world is built in.
 */
import { INET_ECN_dontxmit, INET_ECN_xmit } from '../../include/net/inet_ecn.ts';
import { inet_csk } from '../../include/net/inet_connection_sock.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { sock } from '../../include/net/sock.ts';
import {
	tcp_ca_needs_ecn,
	TCP_CA_UNSPEC,
	TCP_CONG_NEEDS_ECN,
	TCP_CONG_NON_RESTRICTED,
	type tcp_congestion_ops,
	tcp_in_slow_start,
	tcp_is_cwnd_limited,
} from '../../include/net/tcp.ts';
import { TCPF_CLOSE, TCPF_LISTEN } from '../../include/net/tcp_states.ts';
import { tcp_sk, type tcp_sock } from '../../include/linux/tcp.ts';
import { jhash } from '../../include/linux/jhash.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import { EEXIST, EINVAL, ENOENT, EPERM } from '../../include/uapi/linux/errno.ts';

const tcp_cong_list = machine_var((): tcp_congestion_ops[] => []);

/**
 * Finds a congestion control by its name.
 * @kernel net/ipv4/tcp_cong.c:24 (v5.10)
 */
export function tcp_ca_find(m: Machine, name: string): tcp_congestion_ops | null {
	return tcp_cong_list.of(m).find((e) => e.name === name) ?? null;
}

/**
 * Finds a congestion control by the number that routes use for it.
 * @kernel net/ipv4/tcp_cong.c:54 (v5.10)
 */
export function tcp_ca_find_key(m: Machine, key: number): tcp_congestion_ops | null {
	return tcp_cong_list.of(m).find((e) => e.key === key) ?? null;
}

/**
 * Makes a congestion control available.
 * @returns 0, -EINVAL when it lacks something, -EEXIST
 * @kernel net/ipv4/tcp_cong.c:70 (v5.10)
 */
export function tcp_register_congestion_control(m: Machine, ca: tcp_congestion_ops): number {
	if (ca.cong_avoid === undefined && ca.cong_control === undefined) return -EINVAL;

	const name = Uint8Array.from(ca.name, (c) => c.charCodeAt(0));
	ca.key = jhash(name, 0, name.length, name.length);

	if (ca.key === TCP_CA_UNSPEC || tcp_ca_find_key(m, ca.key) !== null) return -EEXIST;
	tcp_cong_list.of(m).push(ca);
	return 0;
}

/**
 * Takes a congestion control out of the list.
 * @kernel net/ipv4/tcp_cong.c:104 (v5.10)
 */
export function tcp_unregister_congestion_control(m: Machine, ca: tcp_congestion_ops): void {
	const list = tcp_cong_list.of(m);
	const i = list.indexOf(ca);

	if (i >= 0) list.splice(i, 1);
}

/**
 * Number of a congestion control; 0 when there is none of that name.
 * @kernel net/ipv4/tcp_cong.c:121 (v5.10)
 */
export function tcp_ca_get_key_by_name(net: net, name: string): number {
	return tcp_ca_find(net.machine, name)?.key ?? TCP_CA_UNSPEC;
}

/**
 * Name of a congestion control; null when there is none of that number.
 * @kernel net/ipv4/tcp_cong.c:140 (v5.10)
 */
export function tcp_ca_get_name_by_key(m: Machine, key: number): string | null {
	return tcp_ca_find_key(m, key)?.name ?? null;
}

/**
 * Gives a new socket the namespace's congestion control.
 * @kernel net/ipv4/tcp_cong.c:157 (v5.10)
 */
export function tcp_assign_congestion_control(sk: sock): void {
	const icsk = inet_csk(sk);
	const ca = sk.sk_net.ipv4.tcp_congestion_control ?? tcp_reno.of(sk.machine);

	icsk.icsk_ca_ops = ca;
	icsk.icsk_ca_priv = null;
	if ((ca.flags & TCP_CONG_NEEDS_ECN) !== 0) INET_ECN_xmit(sk);
	else INET_ECN_dontxmit(sk);
}

/**
 * Starts the congestion control of a socket that is about to send.
 * @kernel net/ipv4/tcp_cong.c:177 (v5.10)
 */
export function tcp_init_congestion_control(sk: sock): void {
	const icsk = inet_csk(sk);

	tcp_sk(sk).prior_ssthresh = 0;
	icsk.icsk_ca_ops!.init?.(sk);
	if (tcp_ca_needs_ecn(sk)) INET_ECN_xmit(sk);
	else INET_ECN_dontxmit(sk);
	icsk.icsk_ca_initialized = true;
}

/**
 * Exchanges a socket's congestion control.
 * @kernel net/ipv4/tcp_cong.c:191 (v5.10)
 */
function tcp_reinit_congestion_control(sk: sock, ca: tcp_congestion_ops): void {
	const icsk = inet_csk(sk);

	tcp_cleanup_congestion_control(sk);
	icsk.icsk_ca_ops = ca;
	icsk.icsk_ca_setsockopt = true;
	icsk.icsk_ca_priv = null;

	if ((ca.flags & TCP_CONG_NEEDS_ECN) !== 0) INET_ECN_xmit(sk);
	else INET_ECN_dontxmit(sk);

	if (((1 << sk.sk_state) & (TCPF_CLOSE | TCPF_LISTEN)) === 0) tcp_init_congestion_control(sk);
}

/**
 * Ends the congestion control of a socket.
 * @kernel net/ipv4/tcp_cong.c:211 (v5.10)
 */
export function tcp_cleanup_congestion_control(sk: sock): void {
	inet_csk(sk).icsk_ca_ops!.release?.(sk);
}

/**
 * Sets the namespace's congestion control.
 * @returns 0 or -ENOENT
 * @kernel net/ipv4/tcp_cong.c:221 (v5.10)
 */
export function tcp_set_default_congestion_control(net: net, name: string): number {
	const ca = tcp_ca_find(net.machine, name);

	if (ca === null) return -ENOENT;
	net.ipv4.tcp_congestion_control = ca;
	ca.flags |= TCP_CONG_NON_RESTRICTED;
	return 0;
}

/**
 * Sets the congestion control that new namespaces start with.
 * @kernel net/ipv4/tcp_cong.c:247 (v5.10)
 */
export function tcp_congestion_default(m: Machine): number {
	return m.init_net !== null ? tcp_set_default_congestion_control(m.init_net, 'cubic') : 0;
}

/**
 * Names of all congestion controls.
 * @kernel net/ipv4/tcp_cong.c:255 (v5.10)
 */
export function tcp_get_available_congestion_control(m: Machine): string {
	return tcp_cong_list
		.of(m)
		.map((ca) => ca.name)
		.join(' ');
}

/**
 * Name of the namespace's congestion control.
 * @kernel net/ipv4/tcp_cong.c:273 (v5.10)
 */
export function tcp_get_default_congestion_control(net: net): string {
	return net.ipv4.tcp_congestion_control!.name;
}

/**
 * Names of the congestion controls that everyone may choose.
 * @kernel net/ipv4/tcp_cong.c:284 (v5.10)
 */
export function tcp_get_allowed_congestion_control(m: Machine): string {
	return tcp_cong_list
		.of(m)
		.filter((ca) => (ca.flags & TCP_CONG_NON_RESTRICTED) !== 0)
		.map((ca) => ca.name)
		.join(' ');
}

/**
 * Sets the congestion controls that everyone may choose.
 * @param val names separated by spaces
 * @returns 0 or -ENOENT
 * @kernel net/ipv4/tcp_cong.c:305 (v5.10)
 */
export function tcp_set_allowed_congestion_control(m: Machine, val: string): number {
	const names = val.trim().split(/\s+/).filter(Boolean);

	for (const name of names) if (tcp_ca_find(m, name) === null) return -ENOENT;
	for (const ca of tcp_cong_list.of(m)) ca.flags &= ~TCP_CONG_NON_RESTRICTED;
	for (const name of names) tcp_ca_find(m, name)!.flags |= TCP_CONG_NON_RESTRICTED;
	return 0;
}

/**
 * Changes a socket's congestion control.
 * @returns 0, -EPERM when the route dictates it or the user may not, -ENOENT
 * @kernel net/ipv4/tcp_cong.c:348 (v5.10)
 */
export function tcp_set_congestion_control(
	sk: sock,
	name: string,
	_load: boolean,
	cap_net_admin: boolean,
): number {
	const icsk = inet_csk(sk);

	if (icsk.icsk_ca_dst_locked) return -EPERM;

	const ca = tcp_ca_find(sk.machine, name);

	if (ca !== null && ca === icsk.icsk_ca_ops) {
		icsk.icsk_ca_setsockopt = true;
		return 0;
	}

	if (ca === null) return -ENOENT;
	if ((ca.flags & TCP_CONG_NON_RESTRICTED) === 0 && !cap_net_admin) return -EPERM;
	tcp_reinit_congestion_control(sk, ca);
	return 0;
}

/**
 * Lets the window grow by what was acknowledged, up to the threshold.
 * @returns segments that are left over for congestion avoidance
 * @kernel net/ipv4/tcp_cong.c:392 (v5.10)
 */
export function tcp_slow_start(tp: tcp_sock, acked: number): number {
	const cwnd = Math.min(tp.snd_cwnd + acked, tp.snd_ssthresh);

	acked -= cwnd - tp.snd_cwnd;
	tp.snd_cwnd = Math.min(cwnd, tp.snd_cwnd_clamp);

	return acked;
}

/**
 * Lets the window grow by one for each w segments acknowledged.
 * @kernel net/ipv4/tcp_cong.c:406 (v5.10)
 */
export function tcp_cong_avoid_ai(tp: tcp_sock, w: number, acked: number): void {
	if (tp.snd_cwnd_cnt >= w) {
		tp.snd_cwnd_cnt = 0;
		tp.snd_cwnd++;
	}

	tp.snd_cwnd_cnt += acked;
	if (tp.snd_cwnd_cnt >= w) {
		const delta = Math.floor(tp.snd_cwnd_cnt / w);

		tp.snd_cwnd_cnt -= delta * w;
		tp.snd_cwnd += delta;
	}
	tp.snd_cwnd = Math.min(tp.snd_cwnd, tp.snd_cwnd_clamp);
}

/**
 * Reno: slow start, then one segment a round trip.
 * @kernel net/ipv4/tcp_cong.c:432 (v5.10)
 */
export function tcp_reno_cong_avoid(sk: sock, _ack: number, acked: number): void {
	const tp = tcp_sk(sk);

	if (!tcp_is_cwnd_limited(sk)) return;

	if (tcp_in_slow_start(tp)) {
		acked = tcp_slow_start(tp, acked);
		if (acked === 0) return;
	}
	tcp_cong_avoid_ai(tp, tp.snd_cwnd, acked);
}

/**
 * Reno: half the window.
 * @kernel net/ipv4/tcp_cong.c:451 (v5.10)
 */
export function tcp_reno_ssthresh(sk: sock): number {
	return Math.max(tcp_sk(sk).snd_cwnd >>> 1, 2);
}

/**
 * Reno: the window before a reduction that was not called for.
 * @kernel net/ipv4/tcp_cong.c:459 (v5.10)
 */
export function tcp_reno_undo_cwnd(sk: sock): number {
	const tp = tcp_sk(sk);

	return Math.max(tp.snd_cwnd, tp.prior_cwnd);
}

export const tcp_reno = machine_var(
	(): tcp_congestion_ops => ({
		key: 0,
		flags: TCP_CONG_NON_RESTRICTED,
		name: 'reno',
		ssthresh: tcp_reno_ssthresh,
		cong_avoid: tcp_reno_cong_avoid,
		undo_cwnd: tcp_reno_undo_cwnd,
	}),
);
