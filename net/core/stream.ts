// SPDX-License-Identifier: GPL-2.0
/*
 * net/core/stream.c, base v5.10: what stream sockets share.
 *
 * PORT: nothing sleeps: the waits check what C checks before it sleeps and answer -EAGAIN; the program waits
 * on the socket and calls again. There are no signals: a broken pipe is the errno alone.
 * Not ported: sk_stream_wait_close(): close() with SO_LINGER does not wait, the socket goes on closing.
 */
import { SOCK_NOSPACE } from '../../include/linux/net.ts';
import { __skb_queue_purge } from './skbuff.ts';
import { wake_up } from '../../include/linux/wait.ts';
import {
	__sk_stream_is_writeable,
	SEND_SHUTDOWN,
	sk_stream_memory_free,
	skwq_has_sleeper,
	sock_error,
	type sock,
} from '../../include/net/sock.ts';
import {
	TCPF_CLOSE_WAIT,
	TCPF_ESTABLISHED,
	TCPF_SYN_RECV,
	TCPF_SYN_SENT,
} from '../../include/net/tcp_states.ts';
import { EAGAIN, EPIPE } from '../../include/uapi/linux/errno.ts';
import { sk_mem_reclaim } from './sock.ts';

/**
 * Wakes writers when a stream has room enough.
 * @kernel net/core/stream.c:30 (v5.10)
 */
export function sk_stream_write_space(sk: sock): void {
	const sock = sk.sk_socket;
	if (sock === null || !__sk_stream_is_writeable(sk, 1)) return;
	sock.flags &= ~(1 << SOCK_NOSPACE);
	const wq = sk.sk_wq;
	if (wq !== null && skwq_has_sleeper(wq)) wake_up(wq);
}

/**
 * Tells whether a stream that connects is connected.
 * @param timeo jiffies the caller may wait, 0 for not at all
 * @returns 0, -EAGAIN to wait, -EPIPE or the pending error
 * @kernel net/core/stream.c:56 (v5.10)
 */
export function sk_stream_wait_connect(sk: sock, _timeo: number): number {
	const err = sock_error(sk);
	if (err !== 0) return err;
	const state = 1 << sk.sk_state;
	if ((state & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)) !== 0) return 0;
	if ((state & ~(TCPF_SYN_SENT | TCPF_SYN_RECV)) !== 0) return -EPIPE;
	return -EAGAIN;
}

/**
 * Tells whether a stream has memory for more.
 * @param timeo jiffies the caller may wait, 0 for not at all
 * @returns 0, -EAGAIN to wait, -EPIPE when it cannot send any more
 * @kernel net/core/stream.c:118 (v5.10)
 */
export function sk_stream_wait_memory(sk: sock, _timeo: number): number {
	if (sk.sk_err !== 0 || (sk.sk_shutdown & SEND_SHUTDOWN) !== 0) return -EPIPE;
	if (sk_stream_memory_free(sk)) return 0;
	if (sk.sk_socket !== null) sk.sk_socket.flags |= 1 << SOCK_NOSPACE;
	return -EAGAIN;
}

/**
 * Errno that a failed send gives the program.
 * @param err negative errno
 * @kernel net/core/stream.c:183 (v5.10)
 */
export function sk_stream_error(sk: sock, _flags: number, err: number): number {
	if (err === -EPIPE) {
		const e = sock_error(sk);
		err = e !== 0 ? e : -EPIPE;
	}
	return err;
}

/**
 * Empties the queues of a closed stream and checks its accounts.
 * @kernel net/core/stream.c:193 (v5.10)
 */
export function sk_stream_kill_queues(sk: sock): void {
	__skb_queue_purge(sk.sk_receive_queue);
	__skb_queue_purge(sk.sk_error_queue);
	const m = sk.machine;
	if (sk.sk_write_queue.qlen !== 0)
		m.record('WARN', 'sk_stream_kill_queues', 'the write queue is not empty');
	sk_mem_reclaim(sk);
	if (sk.sk_wmem_queued !== 0)
		m.record('WARN', 'sk_stream_kill_queues', `sk_wmem_queued ${sk.sk_wmem_queued}`);
	if (sk.sk_forward_alloc !== 0)
		m.record(
			'WARN',
			'sk_stream_kill_queues',
			`sk_forward_alloc ${sk.sk_forward_alloc}`,
		);
}
