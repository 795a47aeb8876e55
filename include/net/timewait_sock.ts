/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/timewait_sock.h, base v5.10: what a protocol does for its sockets in TIME_WAIT.
 */
import type { net } from './net_namespace.ts';
import type { proto, sock } from './sock.ts';
import type { inet_timewait_sock } from './inet_timewait_sock.ts';

/** Operations of a protocol that knows TIME_WAIT. */
export interface timewait_sock_ops {
	/** PORT: makes the object, in place of twsk_obj_size and its slab. */
	twsk_alloc: (net: net, prot: proto) => inet_timewait_sock;
	/** Nonzero when a new connection may take the ports over. */
	twsk_unique: (sk: sock, sktw: inet_timewait_sock, twp: boolean) => number;
	twsk_destructor: (sk: inet_timewait_sock) => void;
}

/**
 * Asks the protocol whether a new connection may take over the ports of one in TIME_WAIT.
 * @param twp whether the caller could take the old socket's timestamp over
 * @kernel include/net/timewait_sock.h:23 (v5.10)
 */
export function twsk_unique(sk: sock, sktw: inet_timewait_sock, twp: boolean): number {
	const ops = sk.sk_prot.twsk_prot;

	return ops !== undefined ? ops.twsk_unique(sk, sktw, twp) : 0;
}

/**
 * Lets the protocol clean a TIME_WAIT socket up.
 * @kernel include/net/timewait_sock.h:30 (v5.10)
 */
export function twsk_destructor(sk: inet_timewait_sock): void {
	sk.sk_prot.twsk_prot?.twsk_destructor(sk);
}
