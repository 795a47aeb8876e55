// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/socket.c, base v5.10: the socket calls.
 *
 * PORT: no files and no descriptors: a program holds the `socket` itself, in the namespace it runs in. Calls never
 * sleep: where C would, they answer -EAGAIN (connect: -EINPROGRESS), and the program waits on `sock.wq` and
 * calls again. `__sys_*` are the calls of programs with the checks of the system call layer; kernel_* and sock_* are what they
 * consist of.
 * Not ported: ioctl, fasync, sendpage, splice, socketpair, recvmmsg, security, time stamps in hardware.
 */
import { IS_ERR } from '../include/linux/err.ts';
import { machine_var, type Machine } from '../include/linux/machine.ts';
import type { page } from '../include/linux/mm.ts';
import {
	SHUT_RDWR,
	SOCK_MAX,
	SOCK_NONBLOCK,
	socket,
	SOCK_TYPE_MASK,
	SS_UNCONNECTED,
	type net_proto_family,
} from '../include/linux/net.ts';
import {
	AF_MAX,
	MSG_DONTWAIT,
	msg_data_left,
	SOL_SOCKET,
	type msghdr,
	type sockaddr,
	type sockopt_result,
	type sockopt_value,
} from '../include/linux/socket.ts';
import type { net } from '../include/net/net_namespace.ts';
import { EAFNOSUPPORT, EEXIST, EINVAL, ENOBUFS, EOPNOTSUPP } from '../include/uapi/linux/errno.ts';
import { sock_getsockopt, sock_no_sendpage, sock_setsockopt } from './core/sock.ts';

/** Protocol families of a machine. */
const net_families = machine_var(() => new Array<net_proto_family | null>(AF_MAX).fill(null));

/**
 * Makes a socket that belongs to no family yet.
 * @kernel net/socket.c:568 (v5.10)
 */
export function sock_alloc(m: Machine): socket {
	return new socket(m);
}

/**
 * Closes a socket.
 * @kernel net/socket.c:622 (v5.10)
 */
export function sock_release(sock: socket): void {
	if (sock.ops !== null) {
		sock.ops.release(sock);
		sock.sk = null;
		sock.ops = null;
	}
}

/**
 * Sends a message.
 * @returns bytes or a negative errno
 * @kernel net/socket.c:666 (v5.10)
 */
export function sock_sendmsg(sock: socket, msg: msghdr): number {
	if (sock.nonblock) msg.flags |= MSG_DONTWAIT;
	return sock.ops!.sendmsg(sock, msg);
}

/**
 * Receives a message; its flags, sender and ancillary data are filled in.
 * @param flags MSG_*
 * @returns bytes, 0 at end of file, or a negative errno
 * @kernel net/socket.c:899 (v5.10)
 */
export function sock_recvmsg(sock: socket, msg: msghdr, flags: number): number {
	if (sock.nonblock) flags |= MSG_DONTWAIT;
	msg.flags = 0;
	return sock.ops!.recvmsg(sock, msg, msg_data_left(msg), flags);
}

/**
 * Sends part of a page of a file, as splice() and sendfile() do.
 * @param more MSG_MORE, MSG_SENDPAGE_NOTLAST
 * @returns bytes taken or a negative errno
 * @kernel net/socket.c:932 (v5.10)
 */
export function sock_sendpage(
	sock: socket,
	page: page,
	offset: number,
	size: number,
	more: number,
): number {
	const flags = sock.nonblock ? MSG_DONTWAIT : 0;
	return kernel_sendpage(sock, page, offset, size, flags | more);
}

/**
 * What a socket is ready for.
 * @returns EPOLL* bits
 * @kernel net/socket.c:1248 (v5.10)
 */
export function sock_poll(sock: socket): number {
	return sock.ops!.poll(sock);
}

/**
 * Makes a socket.
 * @param kern true for the kernel's own
 * @returns the socket, or -EAFNOSUPPORT, -EINVAL, -ESOCKTNOSUPPORT, -EPROTONOSUPPORT and others
 * @kernel net/socket.c:1356 (v5.10)
 */
export function __sock_create(
	net: net,
	family: number,
	type: number,
	protocol: number,
	kern: boolean,
): socket | number {
	if (family < 0 || family >= AF_MAX) return -EAFNOSUPPORT;
	if (type < 0 || type >= SOCK_MAX) return -EINVAL;
	const m = net.machine;
	const sock = sock_alloc(m);
	sock.type = type;
	const pf = net_families.of(m)[family];
	if (pf === null) return -EAFNOSUPPORT;
	const err = pf.create(net, sock, protocol, kern);
	if (err < 0) {
		sock.ops = null;
		return err;
	}
	return sock;
}

/**
 * socket().
 * @param type SOCK_STREAM and the like, with SOCK_NONBLOCK
 * @returns the socket or a negative errno
 * @kernel net/socket.c:1476 (v5.10)
 */
export function sock_create(
	net: net,
	family: number,
	type: number,
	protocol: number,
): socket | number {
	const sock = __sock_create(net, family, type & SOCK_TYPE_MASK, protocol, false);
	if (!IS_ERR(sock)) {
		sock.nonblock = (type & SOCK_NONBLOCK) !== 0;
		/* sock_map_fd() */
		sock.file = true;
	}
	return sock;
}

/**
 * Makes a socket of the kernel's own.
 * @returns the socket or a negative errno
 * @kernel net/socket.c:1494 (v5.10)
 */
export function sock_create_kern(
	net: net,
	family: number,
	type: number,
	protocol: number,
): socket | number {
	return __sock_create(net, family, type, protocol, true);
}

/**
 * setsockopt().
 * @param level SOL_*
 * @returns 0 or a negative errno
 * @kernel net/socket.c:2095 (v5.10)
 */
export function __sys_setsockopt(
	sock: socket,
	level: number,
	optname: number,
	optval: sockopt_value,
): number {
	if (level === SOL_SOCKET) return sock_setsockopt(sock, level, optname, optval);
	const f = sock.ops!.setsockopt;
	return f === undefined ? -EOPNOTSUPP : f(sock, level, optname, optval);
}

/**
 * getsockopt().
 * @param level SOL_*
 * @param res gets the value
 * @returns 0 or a negative errno
 * @kernel net/socket.c:2150 (v5.10)
 */
export function __sys_getsockopt(
	sock: socket,
	level: number,
	optname: number,
	res: sockopt_result,
): number {
	if (level === SOL_SOCKET) return sock_getsockopt(sock, level, optname, res);
	const f = sock.ops!.getsockopt;
	return f === undefined ? -EOPNOTSUPP : f(sock, level, optname, res);
}

/**
 * Makes a family known.
 * @returns 0, -ENOBUFS for a number out of range, -EEXIST
 * @kernel net/socket.c:2985 (v5.10)
 */
export function sock_register(m: Machine, ops: net_proto_family): number {
	if (ops.family >= AF_MAX) return -ENOBUFS;
	const t = net_families.of(m);
	if (t[ops.family] !== null) return -EEXIST;
	t[ops.family] = ops;
	return 0;
}

/**
 * Forgets a family.
 * @kernel net/socket.c:3022 (v5.10)
 */
export function sock_unregister(m: Machine, family: number): void {
	net_families.of(m)[family] = null;
}

/**
 * Tells whether a family is known.
 * @kernel net/socket.c:3036 (v5.10)
 */
export function sock_is_registered(m: Machine, family: number): boolean {
	return family < AF_MAX && net_families.of(m)[family] !== null;
}

/**
 * bind().
 * @returns 0 or a negative errno
 * @kernel net/socket.c:3523 (v5.10)
 */
export function kernel_bind(sock: socket, addr: sockaddr): number {
	return sock.ops!.bind(sock, addr);
}

/**
 * listen().
 * @param backlog connections that may wait; no more than net.core.somaxconn
 * @returns 0 or a negative errno
 * @kernel net/socket.c:3537 (v5.10)
 */
export function kernel_listen(sock: socket, backlog: number): number {
	return sock.ops!.listen(sock, backlog);
}

/**
 * listen() of a program, within the limit of the namespace.
 * @returns 0 or a negative errno
 * @kernel net/socket.c:1676 (v5.10)
 */
export function __sys_listen(sock: socket, backlog: number): number {
	const somaxconn = sock.sk!.sk_net.core.sysctl_somaxconn;
	if (backlog >>> 0 > somaxconn) backlog = somaxconn;
	return sock.ops!.listen(sock, backlog);
}

/**
 * accept().
 * @param flags O_NONBLOCK
 * @returns the connected socket, -EAGAIN when none waits, or another errno
 * @kernel net/socket.c:3554 (v5.10)
 */
export function kernel_accept(sock: socket, flags: number): socket | number {
	const newsock = sock_alloc(sock.machine);
	newsock.type = sock.type;
	newsock.ops = sock.ops;
	newsock.state = SS_UNCONNECTED;
	/* PORT: programs accept by it, too, and the kernel itself does not */
	newsock.file = true;
	const err = sock.ops!.accept(sock, newsock, flags, true);
	if (err < 0) {
		newsock.ops = null;
		return err;
	}
	return newsock;
}

/**
 * connect().
 * @param flags O_NONBLOCK
 * @returns 0, -EINPROGRESS (or -EALREADY when asked again) while a connection is being made, or another errno
 * @kernel net/socket.c:3592 (v5.10)
 */
export function kernel_connect(sock: socket, addr: sockaddr, flags: number): number {
	return sock.ops!.connect(sock, addr, flags);
}

/**
 * getsockname().
 * @returns the address or a negative errno
 * @kernel net/socket.c:3608 (v5.10)
 */
export function kernel_getsockname(sock: socket): sockaddr | number {
	return sock.ops!.getname(sock, 0);
}

/**
 * getpeername().
 * @returns the address or a negative errno
 * @kernel net/socket.c:3623 (v5.10)
 */
export function kernel_getpeername(sock: socket): sockaddr | number {
	return sock.ops!.getname(sock, 1);
}

/**
 * Sends part of a page: the page itself goes out, not a copy of it.
 * @param flags MSG_*
 * @returns bytes taken or a negative errno
 * @kernel net/socket.c:3640 (v5.10)
 */
export function kernel_sendpage(
	sock: socket,
	page: page,
	offset: number,
	size: number,
	flags: number,
): number {
	const ops = sock.ops!;
	if (ops.sendpage !== undefined) return ops.sendpage(sock, page, offset, size, flags);
	return sock_no_sendpage(sock, page, offset, size, flags);
}

/**
 * shutdown().
 * @param how SHUT_RD, SHUT_WR or SHUT_RDWR
 * @returns 0 or a negative errno
 * @kernel net/socket.c:3685 (v5.10)
 */
export function kernel_sock_shutdown(sock: socket, how: number): number {
	if (how < 0 || how > SHUT_RDWR) return -EINVAL;
	return sock.ops!.shutdown(sock, how);
}
