/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/linux/net.h and include/uapi/linux/net.h, base v5.10: the BSD socket and its operations.
 *
 * PORT: calls do not sleep. Where the C would, they answer -EAGAIN (or -EINPROGRESS from connect) and
 * the program waits on `wq`. Addresses and messages are objects, so there are no lengths beside them.
 * Not ported: fasync, splice, mmap, sendpage, ioctl, socketpair, compat calls.
 */
import type { net } from '../net/net_namespace.ts';
import type { sock } from '../net/sock.ts';
import type { Machine } from './machine.ts';
import type { page } from './mm.ts';
import type { msghdr, sockaddr, sockopt_result, sockopt_value } from './socket.ts';
import { wait_queue_head } from './wait.ts';

/* socket_state */
export const SS_FREE = 0;
export const SS_UNCONNECTED = 1;
export const SS_CONNECTING = 2;
export const SS_CONNECTED = 3;
export const SS_DISCONNECTING = 4;

/* bits of socket.flags */
export const SOCKWQ_ASYNC_NOSPACE = 0;
export const SOCKWQ_ASYNC_WAITDATA = 1;
export const SOCK_NOSPACE = 2;
export const SOCK_PASSCRED = 3;

export const __SO_ACCEPTCON = 1 << 16;

export const SOCK_MAX = 11;
export const SOCK_TYPE_MASK = 0xf;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;

/* sock_shutdown_cmd */
export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

export const O_NONBLOCK = 0o4000;

/* include/uapi/linux/eventpoll.h */
export const EPOLLIN = 0x0001;
export const EPOLLPRI = 0x0002;
export const EPOLLOUT = 0x0004;
export const EPOLLERR = 0x0008;
export const EPOLLHUP = 0x0010;
export const EPOLLNVAL = 0x0020;
export const EPOLLRDNORM = 0x0040;
export const EPOLLRDBAND = 0x0080;
export const EPOLLWRNORM = 0x0100;
export const EPOLLWRBAND = 0x0200;
export const EPOLLMSG = 0x0400;
export const EPOLLRDHUP = 0x2000;

/** A socket as a program holds it. */
export class socket {
	state = SS_UNCONNECTED;
	/** SOCK_STREAM and the like. */
	type = 0;
	/** Bits SOCK_NOSPACE…, and __SO_ACCEPTCON. */
	flags = 0;
	/** PORT: whether there is a file, a program has it open; the kernel's own sockets have none. */
	file = false;
	sk: sock | null = null;
	ops: proto_ops | null = null;
	/** Programs that wait for something to happen to the socket. */
	readonly wq = new wait_queue_head();
	/** True when the program asked for O_NONBLOCK. */
	nonblock = false;
	readonly machine: Machine;

	/** @param machine whose socket it is */
	constructor(machine: Machine) {
		this.machine = machine;
	}
}

/** What a family does for the socket calls. */
export interface proto_ops {
	family: number;
	release: (sock: socket) => number;
	bind: (sock: socket, myaddr: sockaddr) => number;
	connect: (sock: socket, vaddr: sockaddr, flags: number) => number;
	accept: (sock: socket, newsock: socket, flags: number, kern: boolean) => number;
	/**
	 * Own or peer's address.
	 * @param peer 0 for our own, 1 for the connected peer's, 2 for the peer's whatever the state
	 */
	getname: (sock: socket, peer: number) => sockaddr | number;
	/** EPOLL* mask. */
	poll: (sock: socket) => number;
	listen: (sock: socket, len: number) => number;
	shutdown: (sock: socket, flags: number) => number;
	setsockopt?: (
		sock: socket,
		level: number,
		optname: number,
		optval: sockopt_value,
	) => number;
	getsockopt?: (sock: socket, level: number, optname: number, res: sockopt_result) => number;
	/** Returns bytes taken or a negative errno. */
	sendmsg: (sock: socket, m: msghdr) => number;
	/** Returns bytes filled (the packet's length with MSG_TRUNC) or a negative errno. */
	recvmsg: (sock: socket, m: msghdr, total_len: number, flags: number) => number;
	/** Takes part of a page by reference; returns bytes taken or a negative errno. */
	sendpage?: (
		sock: socket,
		page: page,
		offset: number,
		size: number,
		flags: number,
	) => number;
	set_peek_off?: (sk: sock, val: number) => number;
	peek_len?: (sock: socket) => number;
	set_rcvlowat?: (sk: sock, val: number) => number;
}

/** A protocol family. */
export interface net_proto_family {
	family: number;
	create: (net: net, sock: socket, protocol: number, kern: boolean) => number;
}
