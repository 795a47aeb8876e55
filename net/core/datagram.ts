// SPDX-License-Identifier: GPL-2.0
/*
 * net/core/datagram.c, base v5.10: taking datagrams off a socket's queue and copying them out.
 *
 * PORT: nothing sleeps: a receive that would wait answers -EAGAIN once the checks that C does before
 * sleeping let it. A message has one buffer, so a copy falls short only at its end.
 * The checksum inlines of include/linux/skbuff.h that need net/core/skbuff.ts stand here too.
 * Not ported: zero copy, hashing copies, busy polling.
 */
import {
	EPOLLERR,
	EPOLLHUP,
	EPOLLIN,
	EPOLLOUT,
	EPOLLPRI,
	EPOLLRDHUP,
} from '../../include/linux/net.ts';
import { EPOLLRDNORM, EPOLLWRBAND, EPOLLWRNORM, type socket } from '../../include/linux/net.ts';
import {
	__skb_unlink,
	CHECKSUM_COMPLETE,
	CHECKSUM_NONE,
	CHECKSUM_UNNECESSARY,
	skb_csum_unnecessary,
	skb_headlen,
	skb_shared,
	type sk_buff,
	type sk_buff_head,
} from '../../include/linux/skbuff.ts';
import {
	copy_from_iter_full,
	copy_to_iter,
	MSG_DONTWAIT,
	MSG_PEEK,
	msg_data_left,
	SOCK_SEQPACKET,
	SOCK_STREAM,
	type msghdr,
} from '../../include/linux/socket.ts';
import { csum_add, csum_fold, csum_partial } from '../../include/net/checksum.ts';
import {
	RCV_SHUTDOWN,
	SHUTDOWN_MASK,
	SOCK_SELECT_ERR_QUEUE,
	sock_error,
	sock_flag,
	sock_writeable,
	type sock,
} from '../../include/net/sock.ts';
import {
	TCP_CLOSE,
	TCP_ESTABLISHED,
	TCP_LISTEN,
	TCP_SYN_SENT,
} from '../../include/net/tcp_states.ts';
import { EAGAIN, EFAULT, EINVAL, ENOENT, ENOTCONN } from '../../include/uapi/linux/errno.ts';
import { __skb_checksum_complete, consume_skb, kfree_skb, skb_clone } from './skbuff.ts';
import { SKB_EXT_ERR } from '../../include/linux/errqueue.ts';
import { MSG_ERRQUEUE, MSG_TRUNC } from '../../include/linux/socket.ts';
import {
	lock_sock_fast,
	sk_mem_reclaim_partial,
	sk_peek_offset_bwd,
	sock_dequeue_err_skb,
	sock_recv_timestamp,
	unlock_sock_fast,
	type errcode,
} from './sock.ts';
import { __kfree_skb, skb_orphan } from './skbuff.ts';

/**
 * Tells whether a socket's type has connections.
 * @kernel net/core/datagram.c:70 (v5.10)
 */
function connection_based(sk: sock): boolean {
	return sk.sk_type === SOCK_SEQPACKET || sk.sk_type === SOCK_STREAM;
}

/**
 * What C looks at before it sleeps for more packets.
 * @param queue the queue that was empty behind `skb`
 * @param err gets the errno of a final answer
 * @param skb last packet the caller saw, or null
 * @returns 0 to try again (err stays -EAGAIN: here the program waits), else final
 * @kernel net/core/datagram.c:88 (v5.10)
 */
export function __skb_wait_for_more_packets(
	sk: sock,
	queue: sk_buff_head,
	err: errcode,
	skb: sk_buff | null,
): number {
	let error = sock_error(sk);
	if (error !== 0) {
		err.err = error;
		return error;
	}
	if (queue.last !== skb) return 0;
	if ((sk.sk_shutdown & RCV_SHUTDOWN) !== 0) {
		err.err = 0;
		return 1;
	}
	error = -ENOTCONN;
	if (
		connection_based(sk) &&
		!(sk.sk_state === TCP_ESTABLISHED || sk.sk_state === TCP_LISTEN)
	) {
		err.err = error;
		return error;
	}
	return 1;
}

/**
 * Marks a packet as seen by a peek; a shared one is replaced by a copy in the queue.
 * @kernel net/core/datagram.c:138 (v5.10)
 */
function skb_set_peeked(skb: sk_buff, queue: sk_buff_head): sk_buff {
	if (skb.peeked) return skb;
	if (skb_shared(skb)) {
		const nskb = skb_clone(skb);
		nskb.prev = skb.prev;
		nskb.next = skb.next;
		if (skb.prev !== null) skb.prev.next = nskb;
		else queue.first = nskb;
		if (skb.next !== null) skb.next.prev = nskb;
		else queue.last = nskb;
		skb.prev = null;
		skb.next = null;
		consume_skb(skb);
		skb = nskb;
	}
	skb.peeked = true;
	return skb;
}

/** Where a receive stands in a queue. */
export interface recv_off {
	/** Peek offset; -1 for none. */
	off: number;
	/** Last packet of the queue when it was looked at. */
	last: sk_buff | null;
}

/**
 * Takes the packet that a receive is to get off a queue, or looks at it.
 * @param flags MSG_PEEK
 * @param pos peek offset, in and out
 * @returns the packet or null
 * @kernel net/core/datagram.c:167 (v5.10)
 */
export function __skb_try_recv_from_queue(
	queue: sk_buff_head,
	flags: number,
	pos: recv_off,
): sk_buff | null {
	let peek_at_off = false;
	let _off = 0;
	if ((flags & MSG_PEEK) !== 0 && pos.off >= 0) {
		peek_at_off = true;
		_off = pos.off;
	}
	pos.last = queue.last;
	for (let skb = queue.first; skb !== null; skb = skb.next) {
		if ((flags & MSG_PEEK) !== 0) {
			if (peek_at_off && _off >= skb.len && (_off !== 0 || skb.peeked)) {
				_off -= skb.len;
				continue;
			}
			if (skb.len === 0) skb = skb_set_peeked(skb, queue);
			skb.users++;
		} else {
			__skb_unlink(skb, queue);
		}
		pos.off = _off;
		return skb;
	}
	return null;
}

/**
 * Takes a packet off a queue if there is one and no error is pending.
 * @param err gets -EAGAIN or the pending error
 * @returns the packet or null
 * @kernel net/core/datagram.c:242 (v5.10)
 */
export function __skb_try_recv_datagram(
	sk: sock,
	queue: sk_buff_head,
	flags: number,
	pos: recv_off,
	err: errcode,
): sk_buff | null {
	const error = sock_error(sk);
	if (error !== 0) {
		err.err = error;
		return null;
	}
	const skb = __skb_try_recv_from_queue(queue, flags, pos);
	if (skb === null) err.err = -EAGAIN;
	return skb;
}

/**
 * Takes a packet off a queue.
 * @param err gets -EAGAIN when the program has to wait, 0 at end of file, or another errno
 * @returns the packet or null
 * @kernel net/core/datagram.c:287 (v5.10)
 */
export function __skb_recv_datagram(
	sk: sock,
	sk_queue: sk_buff_head,
	flags: number,
	pos: recv_off,
	err: errcode,
): sk_buff | null {
	const timeo = (flags & MSG_DONTWAIT) !== 0 ? 0 : sk.sk_rcvtimeo;
	do {
		const skb = __skb_try_recv_datagram(sk, sk_queue, flags, pos, err);
		if (skb !== null) return skb;
		if (err.err !== -EAGAIN) break;
	} while (timeo !== 0 && __skb_wait_for_more_packets(sk, sk_queue, err, pos.last) === 0);
	return null;
}

/**
 * Takes a packet off the receive queue.
 * @param noblock MSG_DONTWAIT
 * @param err gets -EAGAIN when the program has to wait, 0 at end of file, or another errno
 * @returns the packet or null
 * @kernel net/core/datagram.c:312 (v5.10)
 */
export function skb_recv_datagram(
	sk: sock,
	flags: number,
	noblock: boolean,
	err: errcode,
): sk_buff | null {
	return __skb_recv_datagram(
		sk,
		sk.sk_receive_queue,
		flags | (noblock ? MSG_DONTWAIT : 0),
		{ off: 0, last: null },
		err,
	);
}

/**
 * Frees a packet that was received.
 * @kernel net/core/datagram.c:323 (v5.10)
 */
export function skb_free_datagram(sk: sock, skb: sk_buff): void {
	consume_skb(skb);
	sk_mem_reclaim_partial(sk);
}

/**
 * Frees a packet that was received, minding the socket's account and peek offset.
 * @param len bytes read
 * @kernel net/core/datagram.c:330 (v5.10)
 */
export function __skb_free_datagram_locked(sk: sock, skb: sk_buff, len: number): void {
	if (--skb.users !== 0) {
		sk_peek_offset_bwd(sk, len);
		return;
	}
	const slow = lock_sock_fast(sk);
	sk_peek_offset_bwd(sk, len);
	skb_orphan(skb);
	sk_mem_reclaim_partial(sk);
	unlock_sock_fast(sk, slow);
	/* PORT: __kfree_skb() after skb_unref(); the count is brought back for it. */
	skb.users = 1;
	__kfree_skb(skb);
}

/**
 * Drops a packet that a peek found to be broken.
 * @param flags MSG_PEEK when it is still in the queue
 * @returns 0, or -ENOENT when someone else took it
 * @kernel net/core/datagram.c:350 (v5.10)
 */
export function __sk_queue_drop_skb(
	sk: sock,
	sk_queue: sk_buff_head,
	skb: sk_buff,
	flags: number,
	destructor: ((sk: sock, skb: sk_buff) => void) | null,
): number {
	let err = 0;
	if ((flags & MSG_PEEK) !== 0) {
		err = -ENOENT;
		for (let q = sk_queue.first; q !== null; q = q.next)
			if (q === skb) {
				__skb_unlink(skb, sk_queue);
				skb.users--;
				destructor?.(sk, skb);
				err = 0;
				break;
			}
	}
	sk.sk_drops++;
	return err;
}

/**
 * Frees a packet that was received broken.
 * @returns 0, or -ENOENT when someone else took it
 * @kernel net/core/datagram.c:396 (v5.10)
 */
export function skb_kill_datagram(sk: sock, skb: sk_buff, flags: number): number {
	const err = __sk_queue_drop_skb(sk, sk.sk_receive_queue, skb, flags, null);
	kfree_skb(skb);
	sk_mem_reclaim_partial(sk);
	return err;
}

/**
 * Copies part of a packet into a message: linear data, fragments, fragment list.
 * @param offset bytes from data on
 * @param len bytes
 * @param fault_short an incomplete copy is an error
 * @returns 0 or -EFAULT
 * @kernel net/core/datagram.c:412 (v5.10)
 */
function __skb_datagram_iter(
	skb: sk_buff,
	offset: number,
	to: msghdr,
	len: number,
	fault_short: boolean,
): number {
	let start = skb_headlen(skb);
	const start_off = to.iter_offset;
	let copy = start - offset;
	let short = false;
	out: {
		if (copy > 0) {
			if (copy > len) copy = len;
			const n = copy_to_iter(skb.head, skb.data + offset, copy, to);
			offset += n;
			if (n !== copy) {
				short = true;
				break out;
			}
			if ((len -= copy) === 0) return 0;
		}
		const si = skb.shinfo;
		for (let i = 0; i < si.nr_frags; i++) {
			const frag = si.frags[i];
			const end = start + frag.bv_len;
			if ((copy = end - offset) > 0) {
				if (copy > len) copy = len;
				const n = copy_to_iter(
					frag.bv_page.data,
					frag.bv_offset + offset - start,
					copy,
					to,
				);
				offset += n;
				if (n !== copy) {
					short = true;
					break out;
				}
				if ((len -= copy) === 0) return 0;
			}
			start = end;
		}
		for (let f = si.frag_list; f !== null; f = f.next) {
			const end = start + f.len;
			if ((copy = end - offset) > 0) {
				if (copy > len) copy = len;
				if (
					__skb_datagram_iter(
						f,
						offset - start,
						to,
						copy,
						fault_short,
					) !== 0
				)
					break out;
				if ((len -= copy) === 0) return 0;
				offset += copy;
			}
			start = end;
		}
		if (len === 0) return 0;
	}
	if (short && !fault_short && msg_data_left(to) === 0) return 0;
	to.iter_offset = start_off;
	return -EFAULT;
}

/**
 * Copies part of a packet into a message.
 * @param offset bytes from data on
 * @param len bytes; what does not fit is left out
 * @returns 0 or -EFAULT
 * @kernel net/core/datagram.c:529 (v5.10)
 */
export function skb_copy_datagram_iter(
	skb: sk_buff,
	offset: number,
	to: msghdr,
	len: number,
): number {
	return __skb_datagram_iter(skb, offset, to, len, false);
}

/**
 * Copies part of a packet into a message.
 * @param offset bytes from data on
 * @param size bytes
 * @returns 0 or -EFAULT
 * @kernel include/linux/skbuff.h:3529 (v5.10)
 */
export function skb_copy_datagram_msg(
	skb: sk_buff,
	offset: number,
	msg: msghdr,
	size: number,
): number {
	return skb_copy_datagram_iter(skb, offset, msg, size);
}

/**
 * Copies part of a message into a packet that has the room.
 * @param offset bytes from data on
 * @param len bytes
 * @returns 0 or -EFAULT
 * @kernel net/core/datagram.c:547 (v5.10)
 */
export function skb_copy_datagram_from_iter(
	skb: sk_buff,
	offset: number,
	from: msghdr,
	len: number,
): number {
	let start = skb_headlen(skb);
	let copy = start - offset;
	if (copy > 0) {
		if (copy > len) copy = len;
		if (!copy_from_iter_full(skb.head, skb.data + offset, copy, from)) return -EFAULT;
		if ((len -= copy) === 0) return 0;
		offset += copy;
	}
	const si = skb.shinfo;
	for (let i = 0; i < si.nr_frags; i++) {
		const frag = si.frags[i];
		const end = start + frag.bv_len;
		if ((copy = end - offset) > 0) {
			if (copy > len) copy = len;
			if (
				!copy_from_iter_full(
					frag.bv_page.data,
					frag.bv_offset + offset - start,
					copy,
					from,
				)
			)
				return -EFAULT;
			if ((len -= copy) === 0) return 0;
			offset += copy;
		}
		start = end;
	}
	for (let f = si.frag_list; f !== null; f = f.next) {
		const end = start + f.len;
		if ((copy = end - offset) > 0) {
			if (copy > len) copy = len;
			if (skb_copy_datagram_from_iter(f, offset - start, from, copy) !== 0)
				return -EFAULT;
			if ((len -= copy) === 0) return 0;
			offset += copy;
		}
		start = end;
	}
	return len === 0 ? 0 : -EFAULT;
}

/**
 * Takes one from the checksums that a device has checked.
 * @kernel include/linux/skbuff.h:3925 (v5.10)
 */
function __skb_decr_checksum_unnecessary(skb: sk_buff): void {
	if (skb.ip_summed !== CHECKSUM_UNNECESSARY) return;
	if (skb.csum_level === 0) skb.ip_summed = CHECKSUM_NONE;
	else skb.csum_level--;
}

/** Packets up to this many bytes are summed at once. */
const CHECKSUM_BREAK = 76;

/**
 * Sum of a pseudo header where a protocol has none.
 * @kernel include/linux/skbuff.h:4022 (v5.10)
 */
export function null_compute_pseudo(_skb: sk_buff, _proto: number): number {
	return 0;
}

/**
 * Checks a transport checksum, or, when the packet is long, notes the pseudo header's sum so that the rest is
 * checked when it is copied to the program.
 * @param proto upper protocol
 * @param complete check it whatever the length
 * @param zero_okay a checksum field of 0 means there is none
 * @param check the checksum field
 * @param compute_pseudo sums the pseudo header, where that is looked at
 * @returns 0 when right or still open
 * @kernel include/linux/skbuff.h:4037 (v5.10)
 */
export function __skb_checksum_validate(
	skb: sk_buff,
	proto: number,
	complete: boolean,
	zero_okay: boolean,
	check: number,
	compute_pseudo: (skb: sk_buff, proto: number) => number,
): number {
	skb.csum_valid = false;
	if (skb_csum_unnecessary(skb) || (zero_okay && check === 0)) {
		skb.csum_valid = true;
		__skb_decr_checksum_unnecessary(skb);
		return 0;
	}
	const psum = compute_pseudo(skb, proto);
	if (skb.ip_summed === CHECKSUM_COMPLETE && csum_fold(csum_add(psum, skb.csum)) === 0) {
		skb.csum_valid = true;
		return 0;
	}
	skb.csum = psum;
	if (complete || skb.len <= CHECKSUM_BREAK) {
		const csum = __skb_checksum_complete(skb);
		skb.csum_valid = csum === 0;
		return csum;
	}
	return 0;
}

/**
 * Makes a checked packet one whose whole sum is known.
 * @param pseudo sum of the pseudo header
 * @kernel include/linux/skbuff.h:4075 (v5.10)
 */
export function skb_checksum_try_convert(skb: sk_buff, pseudo: number): void {
	if (skb.ip_summed === CHECKSUM_NONE && skb.csum_valid) {
		skb.csum = ~pseudo >>> 0;
		skb.ip_summed = CHECKSUM_COMPLETE;
	}
}

/** Sum of the bytes copied last by skb_copy_and_csum_datagram(). */
interface csum_result {
	csum: number;
}

/**
 * Copies the rest of a packet into a message and sums it.
 * @param offset bytes from data on
 * @param len bytes
 * @param csump sum so far, of which the parity is that of `offset`
 * @returns 0 or -EFAULT
 * @kernel net/core/datagram.c:720 (v5.10)
 */
function skb_copy_and_csum_datagram(
	skb: sk_buff,
	offset: number,
	to: msghdr,
	len: number,
	csump: csum_result,
): number {
	const at = to.iter_offset;
	const err = __skb_datagram_iter(skb, offset, to, len, true);
	if (err !== 0) return err;
	csump.csum = csum_add(csump.csum, csum_partial(to.data, at, len, 0));
	return 0;
}

/**
 * Copies the payload of a packet into a message and checks its checksum on the way.
 * @param hlen bytes of the transport header
 * @returns 0, -EINVAL when the checksum is wrong, -EFAULT
 * @kernel net/core/datagram.c:740 (v5.10)
 */
export function skb_copy_and_csum_datagram_msg(skb: sk_buff, hlen: number, msg: msghdr): number {
	const chunk = skb.len - hlen;
	if (chunk === 0) return 0;
	if (msg_data_left(msg) < chunk) {
		if (__skb_checksum_complete(skb) !== 0) return -EINVAL;
		if (skb_copy_datagram_msg(skb, hlen, msg, chunk) !== 0) return -EFAULT;
		return 0;
	}
	const sum = { csum: csum_partial(skb.head, skb.data, hlen, skb.csum) };
	if (skb_copy_and_csum_datagram(skb, hlen, msg, chunk, sum) !== 0) return -EFAULT;
	if (csum_fold(sum.csum) !== 0) {
		msg.iter_offset -= chunk;
		return -EINVAL;
	}
	return 0;
}

/**
 * Reads the error queue for a protocol without addresses in it.
 * @param len bytes of the packet to give at most
 * @returns bytes, or -EAGAIN when the queue is empty
 * @kernel net/core/sock.c:3155 (v5.10)
 */
export function sock_recv_errqueue(sk: sock, msg: msghdr, len: number): number {
	const skb = sock_dequeue_err_skb(sk);
	if (skb === null) return -EAGAIN;
	let copied = skb.len;
	if (copied > len) {
		msg.flags |= MSG_TRUNC;
		copied = len;
	}
	let err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (err === 0) {
		sock_recv_timestamp(msg, sk, skb);
		msg.recverr = { ee: { ...SKB_EXT_ERR(skb).ee }, offender: null };
		msg.flags |= MSG_ERRQUEUE;
		err = copied;
	}
	kfree_skb(skb);
	return err;
}

/**
 * What a datagram socket is ready for.
 * @returns EPOLL* bits
 * @kernel net/core/datagram.c:789 (v5.10)
 */
export function datagram_poll(sock: socket): number {
	const sk = sock.sk!;
	let mask = 0;
	if (sk.sk_err !== 0 || sk.sk_error_queue.qlen !== 0)
		mask |= EPOLLERR | (sock_flag(sk, SOCK_SELECT_ERR_QUEUE) ? EPOLLPRI : 0);
	if ((sk.sk_shutdown & RCV_SHUTDOWN) !== 0) mask |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
	if (sk.sk_shutdown === SHUTDOWN_MASK) mask |= EPOLLHUP;
	if (sk.sk_receive_queue.qlen !== 0) mask |= EPOLLIN | EPOLLRDNORM;
	if (connection_based(sk)) {
		if (sk.sk_state === TCP_CLOSE) mask |= EPOLLHUP;
		if (sk.sk_state === TCP_SYN_SENT) return mask;
	}
	if (sock_writeable(sk)) mask |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	return mask;
}
