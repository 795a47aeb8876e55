// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets as the programs use them: open files over net/socket.ts, with the waiting that the system
 * calls do, and addresses from text.
 */
import type { page } from '../../../../include/linux/mm.ts';
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, SOCK_NONBLOCK, type socket } from '../../../../include/linux/net.ts';
import {
	AF_INET,
	AF_INET6,
	AF_UNSPEC,
	msghdr,
	MSG_DONTWAIT,
	MSG_NOSIGNAL,
	SO_BINDTOIFINDEX,
	SO_ERROR,
	type sockaddr,
	SOL_SOCKET,
	type sockopt_result,
	type sockopt_value,
} from '../../../../include/linux/socket.ts';
import type { wait_queue_head } from '../../../../include/linux/wait.ts';
import { EAGAIN, EINPROGRESS, ETIMEDOUT } from '../../../../include/uapi/linux/errno.ts';
import { __dev_get_by_name } from '../../../../net/core/dev.ts';
import {
	__sys_getsockopt,
	__sys_listen,
	__sys_setsockopt,
	kernel_accept,
	kernel_bind,
	kernel_connect,
	kernel_getpeername,
	kernel_getsockname,
	kernel_sock_shutdown,
	sock_create,
	sock_poll,
	sock_recvmsg,
	sock_release,
	sock_sendmsg,
	sock_sendpage,
} from '../../../../net/socket.ts';
import { ntop4, ntop6, pton4, pton6 } from './address.ts';
import { type file, POLLERR, POLLHUP, POLLIN, POLLOUT } from './file.ts';
import { type process, type Task, wait } from './process.ts';

/** An open socket. */
export class socket_file implements file {
	readonly sock: socket;
	readonly name = 'socket';
	#open = true;

	constructor(sock: socket) {
		this.sock = sock;
	}

	get wq(): wait_queue_head {
		return this.sock.wq;
	}

	read(buf: Uint8Array): number {
		return this.recv(new msghdr(buf));
	}

	write(data: Uint8Array): number {
		return this.send(data);
	}

	poll(): number {
		const e = sock_poll(this.sock);
		let mask = 0;
		if ((e & EPOLLIN) !== 0) mask |= POLLIN;
		if ((e & EPOLLOUT) !== 0) mask |= POLLOUT;
		if ((e & EPOLLERR) !== 0) mask |= POLLERR;
		if ((e & EPOLLHUP) !== 0) mask |= POLLHUP;
		return mask;
	}

	close(): void {
		if (!this.#open) return;
		this.#open = false;
		sock_release(this.sock);
	}

	/** setsockopt(): 0 or a negative errno. */
	set(level: number, optname: number, value: sockopt_value): number {
		return __sys_setsockopt(this.sock, level, optname, value);
	}

	/** getsockopt() of a number, -errno when it fails. */
	get(level: number, optname: number): number {
		const res: sockopt_result = { val: 0 };
		const err = __sys_getsockopt(this.sock, level, optname, res);
		return err < 0 ? err : typeof res.val === 'number' ? res.val : 0;
	}

	/** The pending error, positive, taken off the socket. */
	error(): number {
		return this.get(SOL_SOCKET, SO_ERROR);
	}

	bind(addr: sockaddr): number {
		return kernel_bind(this.sock, addr);
	}

	listen(backlog: number): number {
		return __sys_listen(this.sock, backlog);
	}

	shutdown(how: number): number {
		return kernel_sock_shutdown(this.sock, how);
	}

	/** Own address or a negative errno. */
	name_of(): sockaddr | number {
		return kernel_getsockname(this.sock);
	}

	/** Peer's address or a negative errno. */
	peer_of(): sockaddr | number {
		return kernel_getpeername(this.sock);
	}

	/** sendto(): bytes or a negative errno. */
	send(data: Uint8Array, to: sockaddr | null = null): number {
		const msg = new msghdr(data, to);
		msg.flags = MSG_DONTWAIT | MSG_NOSIGNAL;
		return sock_sendmsg(this.sock, msg);
	}

	/**
	 * sendfile(): bytes or a negative errno.
	 * @param page of the file, which goes out itself; it may be larger than a page of memory is
	 */
	sendfile(page: page, offset: number, size: number): number {
		return sock_sendpage(this.sock, page, offset, size, 0);
	}

	/** recvmsg(): bytes or a negative errno. */
	recv(msg: msghdr, flags = 0): number {
		return sock_recvmsg(this.sock, msg, MSG_DONTWAIT | flags);
	}

	/** Starts a connection; -EINPROGRESS while it is under way. */
	start_connect(addr: sockaddr): number {
		return kernel_connect(this.sock, addr, O_NONBLOCK);
	}

	/** A connection that waits to be accepted, or a negative errno. */
	try_accept(): socket_file | number {
		const s = kernel_accept(this.sock, O_NONBLOCK);
		if (typeof s === 'number') return s;
		s.nonblock = true;
		return new socket_file(s);
	}
}

const O_NONBLOCK = 0o4000;

/**
 * socket(): closed with the process, bound to its VRF.
 * @returns the socket or a negative errno
 */
export function open_socket(
	p: process,
	family: number,
	type: number,
	protocol = 0,
): socket_file | number {
	const s = sock_create(p.netns, family, type | SOCK_NONBLOCK, protocol);
	if (typeof s === 'number') return s;
	const f = p.hold(new socket_file(s));
	if (p.vrf !== null && (family === AF_INET || family === AF_INET6)) {
		const dev = __dev_get_by_name(p.netns, p.vrf);
		if (dev !== null) f.set(SOL_SOCKET, SO_BINDTOIFINDEX, dev.ifindex);
	}
	return f;
}

/**
 * connect(), waiting for its end.
 * @param deadline_ns absolute virtual time
 * @returns 0 or a negative errno; -ETIMEDOUT also when the deadline came first
 */
export function* connect(
	p: process,
	f: socket_file,
	addr: sockaddr,
	deadline_ns = Infinity,
): Task<number> {
	const err = f.start_connect(addr);
	if (err !== -EINPROGRESS && err !== -EAGAIN) return err;
	/* the call sleeps, even when the answer came meanwhile */
	yield new wait([], 0);
	for (;;) {
		const mask = f.poll();
		if ((mask & (POLLOUT | POLLERR | POLLHUP)) !== 0) return -f.error();
		if (p.now() >= deadline_ns) return -ETIMEDOUT;
		yield new wait([f.wq], deadline_ns);
	}
}

/**
 * accept(), waiting for a connection.
 * @param deadline_ns absolute virtual time
 * @returns the connection, held by the process, or a negative errno
 */
export function* accept(
	p: process,
	f: socket_file,
	deadline_ns = Infinity,
): Task<socket_file | number> {
	for (;;) {
		const s = f.try_accept();
		if (typeof s !== 'number') return p.hold(s);
		if (s !== -EAGAIN) return s;
		if (p.now() >= deadline_ns) return -ETIMEDOUT;
		yield new wait([f.wq], deadline_ns);
	}
}

/** Why a name could not be turned into an address, as getaddrinfo() says it. */
export const EAI_AGAIN = 'Temporary failure in name resolution';
export const EAI_ADDRFAMILY = 'Address family for hostname not supported';

/**
 * An address from text; there are no names but numbers.
 * @param family AF_UNSPEC for whichever it is
 * @returns the address or the text of an error
 */
export function resolve(p: process, host: string, port: number, family = AF_UNSPEC): sockaddr | string {
	const v4 = pton4(host);
	if (v4 !== null) {
		if (family === AF_INET6) return EAI_ADDRFAMILY;
		return { family: AF_INET, addr: v4, port };
	}
	const percent = host.indexOf('%');
	const v6 = pton6(percent < 0 ? host : host.slice(0, percent));
	if (v6 !== null) {
		if (family === AF_INET) return EAI_ADDRFAMILY;
		let scope_id = 0;
		if (percent >= 0) {
			const zone = host.slice(percent + 1);
			scope_id = __dev_get_by_name(p.netns, zone)?.ifindex ?? Number(zone);
			if (!Number.isInteger(scope_id)) return 'Name or service not known';
		}
		return { family: AF_INET6, addr: v6, port, scope_id };
	}
	if (host === 'localhost')
		return family === AF_INET6
			? { family: AF_INET6, addr: Uint8Array.from([...new Array<number>(15).fill(0), 1]), port }
			: { family: AF_INET, addr: 0x7f000001, port };
	return EAI_AGAIN;
}

/** The address that stands for all of a family. */
export function any_addr(family: number, port: number): sockaddr {
	return family === AF_INET6
		? { family: AF_INET6, addr: new Uint8Array(16), port }
		: { family: AF_INET, addr: 0, port };
}

/** Text of the host part of an address. */
export function host_text(a: sockaddr | number): string {
	if (typeof a === 'number') return '?';
	if (a.family === AF_INET) return ntop4(a.addr);
	if (a.family === AF_INET6) return ntop6(a.addr);
	return '?';
}

/** Port of an address. */
export function port_of(a: sockaddr | number): number {
	return typeof a !== 'number' && (a.family === AF_INET || a.family === AF_INET6) ? a.port : 0;
}
