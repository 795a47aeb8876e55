// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/core/request_sock.c, base v5.10: life of connection requests.
 *
 * Not ported: fast open, and with it reqsk_fastopen_remove().
 */
import type { request_sock, request_sock_ops } from '../../include/net/request_sock.ts';
import type { request_sock_queue } from '../../include/net/request_sock.ts';
import { sock_hold, type sock } from '../../include/net/sock.ts';
import { WARN_ON } from '../../include/linux/machine.ts';
import { sock_put } from './sock.ts';

/**
 * Makes a request.
 * @param attach_listener the request holds its listener
 * @kernel PORT: inline of include/net/request_sock.h:85, include/ does not import net/
 */
export function reqsk_alloc(
	ops: request_sock_ops,
	sk_listener: sock,
	attach_listener: boolean,
): request_sock {
	const req = ops.alloc(sk_listener.sk_net, sk_listener.sk_prot);

	if (attach_listener) {
		sock_hold(sk_listener);
		req.rsk_listener = sk_listener;
	}
	req.rsk_ops = ops;
	req.sk_refcnt = 0;
	return req;
}

/**
 * Drops what a request holds.
 * @kernel PORT: inline of include/net/request_sock.h:117, include/ does not import net/
 */
export function __reqsk_free(req: request_sock): void {
	req.rsk_ops!.destructor(req);
	if (req.rsk_listener !== null) sock_put(req.rsk_listener);
}

/**
 * Frees a request that nobody refers to.
 * @kernel PORT: inline of include/net/request_sock.h:126, include/ does not import net/
 */
export function reqsk_free(req: request_sock): void {
	WARN_ON(req.machine, req.sk_refcnt !== 0, 'reqsk_free', 'request is still referenced');
	__reqsk_free(req);
}

/**
 * Drops a reference on a request.
 * @kernel PORT: inline of include/net/request_sock.h:132, include/ does not import net/
 */
export function reqsk_put(req: request_sock): void {
	if (--req.sk_refcnt === 0) reqsk_free(req);
}

/**
 * Sets up the queue of a socket that begins to listen.
 * @kernel net/core/request_sock.c:34 (v5.10)
 */
export function reqsk_queue_alloc(queue: request_sock_queue): void {
	queue.rskq_accept_head = null;
}
