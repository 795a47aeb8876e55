// SPDX-License-Identifier: GPL-2.0-only
/*
 * socat 1.7.4.4: two addresses and the bytes between them. -u -U -t -T -b -v -x -d -4 -6 -h -V; addresses
 * STDIO - STDIN STDOUT STDERR, OPEN/FILE/GOPEN/CREATE, TCP, TCP-LISTEN, UDP, UDP-LISTEN, UDP-SENDTO,
 * UDP-DATAGRAM, UDP-RECV, UDP-RECVFROM, each also with 4 or 6; options fork, reuseaddr, reuseport,
 * sourceport, bind, connect-timeout, shut-none, null-eof, readbytes, ip-transparent, so-bindtodevice and the
 * like. Other addresses and options are refused.
 *
 * A file that is opened for writing without `trunc` is written at its end.
 */
import { SHUT_WR } from '../../../../include/linux/net.ts';
import {
	AF_INET,
	AF_INET6,
	AF_UNSPEC,
	msghdr,
	MSG_PEEK,
	SO_BINDTODEVICE,
	SO_BROADCAST,
	SO_KEEPALIVE,
	SO_MARK,
	SO_RCVBUF,
	SO_REUSEADDR,
	SO_REUSEPORT,
	SO_SNDBUF,
	SOCK_DGRAM,
	SOCK_STREAM,
	type sockaddr,
	SOL_IP,
	SOL_SOCKET,
} from '../../../../include/linux/socket.ts';
import type { wait_queue_head } from '../../../../include/linux/wait.ts';
import {
	EAGAIN,
	ECONNRESET,
	EINPROGRESS,
	ENOENT,
	EPIPE,
} from '../../../../include/uapi/linux/errno.ts';
import { IP_TOS, IP_TRANSPARENT, IP_TTL } from '../../../../include/uapi/linux/in.ts';
import { ntop4 } from '../lib/address.ts';
import { decode, type file, POLLERR, POLLHUP, POLLIN, POLLOUT } from '../lib/file.ts';
import {
	NSEC_PER_MSEC,
	NSEC_PER_SEC,
	type process,
	SIGHUP,
	SIGINT,
	SIGTERM,
	type Task,
	wait,
} from '../lib/process.ts';
import { any_addr, open_socket, resolve, socket_file } from '../lib/sockets.ts';
import { strerror } from '../lib/strerror.ts';

const CLOSE_WAIT_NS = 500 * NSEC_PER_MSEC;
/* where the program's buffer would lie */
const BUFFER = '0x55d0c8a4e000';

const HELP =
	'socat by Gerhard Rieger and contributors - see www.dest-unreach.org\n' +
	'Usage:\n' +
	'socat [options] <bi-address> <bi-address>\n' +
	'   options:\n' +
	'      -V     print version and feature information to stdout, and exit\n' +
	'      -h|-?  print a help text describing command line options and addresses\n' +
	'      -d     increase verbosity (use up to 4 times; 2 are recommended)\n' +
	'      -v     verbose text dump of data traffic\n' +
	'      -x     verbose hexadecimal dump of data traffic\n' +
	'      -b<size_t>     set data buffer size (8192)\n' +
	'      -s     sloppy (continue on error)\n' +
	'      -t<timeout>    wait seconds before closing second channel\n' +
	'      -T<timeout>    total inactivity timeout in seconds\n' +
	'      -u     unidirectional mode (left to right)\n' +
	'      -U     unidirectional mode (right to left)\n' +
	'      -4     prefer IPv4 if version is not explicitly specified\n' +
	'      -6     prefer IPv6 if version is not explicitly specified\n';

const VERSION =
	'socat by Gerhard Rieger and contributors - see www.dest-unreach.org\n' +
	'socat version 1.7.4.4 on 06 Nov 2022 08:15:51\n' +
	'   running on Linux version #1 SMP, release 5.10.0, machine x86_64\n' +
	'features:\n' +
	'  #define WITH_STDIO 1\n' +
	'  #define WITH_FDNUM 1\n' +
	'  #define WITH_FILE 1\n' +
	'  #define WITH_IP4 1\n' +
	'  #define WITH_IP6 1\n' +
	'  #define WITH_TCP 1\n' +
	'  #define WITH_UDP 1\n' +
	'  #define WITH_LISTEN 1\n' +
	'  #define WITH_RETRY 1\n';

/* Ends the program from anywhere. */
class finished extends Error {
	readonly code: number;

	constructor(code: number) {
		super();
		this.code = code;
	}
}

interface globals {
	buffer: number;
	close_ns: number;
	idle_ns: number;
	left_to_right: boolean;
	right_to_left: boolean;
	verbose: boolean;
	hex: boolean;
	debug: number;
	family: number;
}

/* One address as it was written. */
interface address {
	keyword: string;
	params: string[];
	options: Map<string, string | null>;
}

/* One address that is open. */
class channel {
	reader: file | null = null;
	writer: file | null = null;
	/** Where datagrams go, of a socket that is not connected. */
	to: sockaddr | null = null;
	/** Only datagrams of this peer count. */
	from: sockaddr | null = null;
	/** What half-closing does. */
	shut: 'down' | 'none' | 'close' = 'none';
	datagram = false;
	null_eof = false;
	/** Bytes that may still be read, -1 for any number. */
	left = -1;
	fd_in = 0;
	fd_out = 1;
	eof = false;
	may_read = false;
	may_write = false;
}

/* Datagrams with an address of their own: one read is one datagram. */
class dgram_file implements file {
	readonly name = 'socket';
	readonly #s: socket_file;
	readonly #ch: channel;

	constructor(s: socket_file, ch: channel) {
		this.#s = s;
		this.#ch = ch;
	}

	get wq(): wait_queue_head {
		return this.#s.wq;
	}

	read(buf: Uint8Array): number {
		const msg = new msghdr(buf);
		const n = this.#s.recv(msg);
		if (n < 0) return n;
		const { from } = this.#ch;
		if (from !== null && !same_host(from, msg.name)) return -EAGAIN;
		return n;
	}

	write(data: Uint8Array): number {
		return this.#s.send(data, this.#ch.to);
	}

	poll(): number {
		return this.#s.poll();
	}

	close(): void {
		this.#s.close();
	}
}

function same_host(a: sockaddr, b: sockaddr | null): boolean {
	if (a.family === AF_INET) return b?.family === AF_INET && a.addr === b.addr && a.port === b.port;
	if (a.family !== AF_INET6 || b?.family !== AF_INET6) return false;
	return a.port === b.port && a.addr.every((x, i) => x === b.addr[i]);
}

const FAMILY_WORDS = new Map([
	['ip4', AF_INET],
	['ipv4', AF_INET],
	['inet', AF_INET],
	['ip6', AF_INET6],
	['ipv6', AF_INET6],
	['inet6', AF_INET6],
]);

/* options of every kind that are known, by all their names */
const option_names = new Map<string, string>([
	['reuseaddr', 'reuseaddr'],
	['so-reuseaddr', 'reuseaddr'],
	['reuseport', 'reuseport'],
	['so-reuseport', 'reuseport'],
	['fork', 'fork'],
	['sourceport', 'sourceport'],
	['sp', 'sourceport'],
	['bind', 'bind'],
	['connect-timeout', 'connect-timeout'],
	['backlog', 'backlog'],
	['shut-none', 'shut-none'],
	['shut-down', 'shut-down'],
	['shut-close', 'shut-close'],
	['null-eof', 'null-eof'],
	['readbytes', 'readbytes'],
	['bytes', 'readbytes'],
	['rdonly', 'rdonly'],
	['wronly', 'wronly'],
	['rdwr', 'rdwr'],
	['trunc', 'trunc'],
	['append', 'append'],
	['creat', 'creat'],
	['create', 'creat'],
	['ip-transparent', 'transparent'],
	['transparent', 'transparent'],
	['so-bindtodevice', 'bindtodevice'],
	['bindtodevice', 'bindtodevice'],
	['interface', 'bindtodevice'],
	['if', 'bindtodevice'],
	['broadcast', 'broadcast'],
	['so-broadcast', 'broadcast'],
	['keepalive', 'keepalive'],
	['so-keepalive', 'keepalive'],
	['mark', 'mark'],
	['so-mark', 'mark'],
	['ttl', 'ttl'],
	['ip-ttl', 'ttl'],
	['tos', 'tos'],
	['ip-tos', 'tos'],
	['sndbuf', 'sndbuf'],
	['so-sndbuf', 'sndbuf'],
	['rcvbuf', 'rcvbuf'],
	['so-rcvbuf', 'rcvbuf'],
	['pf', 'pf'],
	['protocol-family', 'pf'],
	['nonblock', 'nonblock'],
	['o-nonblock', 'nonblock'],
	['nodelay', 'nodelay'],
	['tcp-nodelay', 'nodelay'],
]);

function date_text(ns: number): string {
	const d = new Date(Math.floor(ns / 1e6));
	const two = (n: number): string => String(n).padStart(2, '0');
	return (
		`${d.getUTCFullYear()}/${two(d.getUTCMonth() + 1)}/${two(d.getUTCDate())} ` +
		`${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`
	);
}

function message(p: process, level: string, text: string): void {
	p.eprint(`${date_text(p.world.realtime_ns())} socat[${p.real_pid}] ${level} ${text}\n`);
}

/* Error(): the message, and the end. */
function fail(p: process, text: string): never {
	message(p, 'E', text);
	throw new finished(1);
}

function unsupported(p: process): never {
	p.eprint(`simns: unsupported: ${p.argv.join(' ')}\n`);
	throw new finished(1);
}

/** An address as socat prints it. */
function sockaddr_info(a: sockaddr): string {
	if (a.family === AF_INET) return `AF=2 ${ntop4(a.addr)}:${a.port}`;
	if (a.family !== AF_INET6) return `AF=${a.family}`;
	const words: string[] = [];
	for (let i = 0; i < 16; i += 2)
		words.push(((a.addr[i] << 8) | a.addr[i + 1]).toString(16).padStart(4, '0'));
	return `AF=10 [${words.join(':')}]:${a.port}`;
}

const sockaddr_len = (a: sockaddr): number => (a.family === AF_INET6 ? 28 : 16);

/* Sleeps; a signal that ends the program ends it here. */
function* pause(p: process, queues: readonly wait_queue_head[], until: number): Task<void> {
	yield new wait(queues, until);
	const signal = pending.get(p);
	if (signal !== undefined) throw new finished(128 + signal);
}

const pending = new WeakMap<process, number>();

function catch_signals(p: process): void {
	for (const signal of [SIGHUP, SIGINT, SIGTERM])
		p.handlers.set(signal, () => {
			pending.set(p, signal);
		});
}

/* Splits at a character outside of brackets and quotes. */
function split(text: string, at: string): string[] {
	const out: string[] = [];
	let word = '';
	let depth = 0;
	for (let i = 0; i < text.length; i++) {
		const c = text[i];
		if (c === '\\' && i + 1 < text.length) word += text[++i];
		else if (c === '"') {
			while (++i < text.length && text[i] !== '"') word += text[i];
		} else if (c === at && depth === 0) {
			out.push(word);
			word = '';
		} else {
			if (c === '[') depth++;
			else if (c === ']') depth--;
			word += c;
		}
	}
	out.push(word);
	return out;
}

function parse_address(p: process, text: string): address {
	const [head, ...options] = split(text, ',');
	const [keyword, ...params] = split(head, ':');
	const a: address = { keyword: keyword.toUpperCase(), params, options: new Map() };
	for (const o of options) {
		if (o === '') continue;
		const eq = o.indexOf('=');
		const word = (eq < 0 ? o : o.slice(0, eq)).toLowerCase();
		const name = option_names.get(word);
		if (name === undefined) fail(p, `parseopts_table(): unknown option "${word}"`);
		a.options.set(name, eq < 0 ? null : o.slice(eq + 1));
	}
	return a;
}

const is_on = (a: address, name: string): boolean =>
	a.options.has(name) && a.options.get(name) !== '0';

const number_of = (a: address, name: string): number => {
	const n = Number.parseInt(a.options.get(name) ?? '1', 10);
	return Number.isNaN(n) ? 0 : n;
};

const port_number = (text: string): number => {
	const n = Number.parseInt(text, /^0x/i.test(text) ? 16 : 10);
	return Number.isNaN(n) ? 0 : n & 0xffff;
};

function want_params(p: process, a: address, n: number): void {
	if (a.params.length !== n)
		fail(
			p,
			`${a.keyword}: wrong number of parameters (${a.params.length} instead of ${n})`,
		);
}

/* The address of a host and port; exits when there is none. */
function lookup(p: process, host: string, port: string, family: number, type: number): sockaddr {
	const name = /^\[.*\]$/.test(host) ? host.slice(1, -1) : host;
	const r = resolve(p, name, port_number(port), family);
	if (typeof r !== 'string') return r;
	const pf = family === AF_UNSPEC ? 0 : family;
	return fail(
		p,
		`getaddrinfo("${name}", "NULL", {1,${pf},${type},${type === SOCK_STREAM ? 6 : 17}}, {}): ${r}`,
	);
}

/* Lowest descriptor that is not in use; the first two belong to the program's own messages. */
class descriptors {
	readonly #used = new Set<number>();

	take(): number {
		let fd = 5;
		while (this.#used.has(fd)) fd++;
		this.#used.add(fd);
		return fd;
	}

	give(fd: number): void {
		this.#used.delete(fd);
	}
}

/* A socket with everything that options say before bind() and connect(). */
function prepare(p: process, a: address, family: number, type: number): socket_file {
	const s = open_socket(p, family, type);
	if (typeof s === 'number')
		fail(
			p,
			`socket(${family}, ${type}, ${type === SOCK_STREAM ? 6 : 17}): ${strerror(s)}`,
		);
	const set = (level: number, name: number, value: number): void => {
		const err = s.set(level, name, value);
		if (err < 0) fail(p, `setsockopt(5, ${level}, ${name}, {${value}}, 4): ${strerror(err)}`);
	};
	if (is_on(a, 'reuseaddr')) set(SOL_SOCKET, SO_REUSEADDR, 1);
	if (is_on(a, 'reuseport')) set(SOL_SOCKET, SO_REUSEPORT, 1);
	if (is_on(a, 'broadcast')) set(SOL_SOCKET, SO_BROADCAST, 1);
	if (is_on(a, 'keepalive')) set(SOL_SOCKET, SO_KEEPALIVE, 1);
	if (a.options.has('mark')) set(SOL_SOCKET, SO_MARK, number_of(a, 'mark'));
	if (a.options.has('sndbuf')) set(SOL_SOCKET, SO_SNDBUF, number_of(a, 'sndbuf'));
	if (a.options.has('rcvbuf')) set(SOL_SOCKET, SO_RCVBUF, number_of(a, 'rcvbuf'));
	if (is_on(a, 'transparent')) set(SOL_IP, IP_TRANSPARENT, 1);
	if (a.options.has('ttl')) set(SOL_IP, IP_TTL, number_of(a, 'ttl'));
	if (a.options.has('tos')) set(SOL_IP, IP_TOS, number_of(a, 'tos'));
	const device = a.options.get('bindtodevice');
	if (typeof device === 'string') {
		const err = s.set(SOL_SOCKET, SO_BINDTODEVICE, device);
		if (err < 0)
			fail(p, `setsockopt(5, 1, 25, "${device}", ${device.length + 1}): ${strerror(err)}`);
	}
	return s;
}

/* The local address that options ask for, or null. */
function local_address(p: process, a: address, family: number, type: number): sockaddr | null {
	const text = a.options.get('bind');
	const port = a.options.has('sourceport') ? number_of(a, 'sourceport') : 0;
	if (typeof text === 'string') {
		const parts = split(text, ':');
		const host = parts[0];
		const own = parts.length > 1 ? parts[1] : String(port);
		if (host === '') return any_addr(family, port_number(own));
		return lookup(p, host, own, family, type);
	}
	return port === 0 ? null : any_addr(family, port);
}

function do_bind(p: process, s: socket_file, addr: sockaddr, fd: number): void {
	const err = s.bind(addr);
	if (err < 0)
		fail(
			p,
			`bind(${fd}, {${sockaddr_info(addr)}}, ${sockaddr_len(addr)}): ${strerror(err)}`,
		);
}

function family_of(a: address, g: globals, kind: string): number {
	const pf = a.options.get('pf');
	if (typeof pf === 'string') return FAMILY_WORDS.get(pf.toLowerCase()) ?? AF_UNSPEC;
	if (kind.endsWith('4')) return AF_INET;
	if (kind.endsWith('6')) return AF_INET6;
	return g.family;
}

function socket_channel(a: address, s: socket_file, fd: number, datagram: boolean): channel {
	const ch = new channel();
	ch.reader = s;
	ch.writer = s;
	ch.datagram = datagram;
	ch.fd_in = fd;
	ch.fd_out = fd;
	ch.shut = is_on(a, 'shut-none') ? 'none' : is_on(a, 'shut-close') ? 'close' : 'down';
	ch.null_eof = is_on(a, 'null-eof');
	if (a.options.has('readbytes')) ch.left = number_of(a, 'readbytes');
	return ch;
}

function* open_connect(
	p: process,
	a: address,
	g: globals,
	type: number,
	kind: string,
	fds: descriptors,
): Task<channel> {
	want_params(p, a, 2);
	const [host, port] = a.params;
	let family = family_of(a, g, kind);
	/* -4 and -6 are preferences, a literal has the last word */
	if (!/[46]$/.test(kind) && !a.options.has('pf')) family = AF_UNSPEC;
	const to = lookup(p, host, port, family, type);
	const s = prepare(p, a, to.family, type);
	const fd = fds.take();
	const own = local_address(p, a, to.family, type);
	if (own !== null) do_bind(p, s, own, fd);
	let err = s.start_connect(to);
	const timeout = a.options.get('connect-timeout');
	const until =
		typeof timeout === 'string' ? p.now() + Math.round(Number(timeout) * NSEC_PER_SEC) : Infinity;
	if (err === -EINPROGRESS || err === -EAGAIN) {
		yield* pause(p, [], p.now());
		for (;;) {
			if ((s.poll() & (POLLOUT | POLLERR | POLLHUP)) !== 0) {
				err = -s.error();
				break;
			}
			if (p.now() >= until)
				fail(p, `connecting to ${sockaddr_info(to)}: Connection timed out`);
			yield* pause(p, [s.wq], until);
		}
	}
	if (err < 0)
		fail(
			p,
			`connect(${fd}, ${sockaddr_info(to)}, ${sockaddr_len(to)}): ${strerror(err)}`,
		);
	return socket_channel(a, s, fd, type === SOCK_DGRAM);
}

/* Goes on in a child with what was accepted. */
function fork(p: process, s: socket_file, body: (child: process) => Task<number>): void {
	const child = p.world.start_child(p, p.argv);
	child.argv = p.argv;
	const i = p.open_files.indexOf(s);
	if (i >= 0) p.open_files.splice(i, 1);
	child.hold(s);
	catch_signals(child);
	child.task = guarded(child, body(child));
}

type continuation = (p: process, ch: channel) => Task<number>;

function* open_tcp_listen(
	p: process,
	a: address,
	g: globals,
	kind: string,
	fds: descriptors,
	go_on: continuation,
): Task<channel> {
	want_params(p, a, 1);
	const family = family_of(a, g, kind) || AF_INET;
	const s = prepare(p, a, family, SOCK_STREAM);
	const fd = fds.take();
	const bound = a.options.get('bind');
	const own =
		typeof bound === 'string'
			? lookup(p, split(bound, ':')[0], a.params[0], family, SOCK_STREAM)
			: any_addr(family, port_number(a.params[0]));
	do_bind(p, s, own, fd);
	const backlog = a.options.has('backlog') ? number_of(a, 'backlog') : 5;
	const err = s.listen(backlog);
	if (err < 0) fail(p, `listen(${fd}, ${backlog}): ${strerror(err)}`);
	for (;;) {
		const c = s.try_accept();
		if (c === -EAGAIN) {
			yield* pause(p, [s.wq], Infinity);
			continue;
		}
		if (typeof c === 'number') fail(p, `accept(${fd}, {-1, ""}, 28): ${strerror(c)}`);
		p.hold(c);
		const ch = socket_channel(a, c, fd + 1, false);
		if (!is_on(a, 'fork')) {
			p.drop(s);
			fds.give(fd);
			return ch;
		}
		fork(p, c, (child) => go_on(child, ch));
	}
}

function* open_udp_listen(
	p: process,
	a: address,
	g: globals,
	kind: string,
	fds: descriptors,
	go_on: continuation,
): Task<channel> {
	want_params(p, a, 1);
	const family = family_of(a, g, kind) || AF_INET;
	if (is_on(a, 'fork')) a.options.set('reuseaddr', '1');
	const fd = fds.take();
	for (;;) {
		const s = prepare(p, a, family, SOCK_DGRAM);
		const bound = a.options.get('bind');
		const own =
			typeof bound === 'string'
				? lookup(p, split(bound, ':')[0], a.params[0], family, SOCK_DGRAM)
				: any_addr(family, port_number(a.params[0]));
		do_bind(p, s, own, fd);
		/* the first datagram says who the peer is; it stays to be read */
		const msg = new msghdr(new Uint8Array(1));
		for (;;) {
			const n = s.recv(msg, MSG_PEEK);
			if (n >= 0) break;
			if (n !== -EAGAIN) fail(p, `recvfrom(${fd}, {"", 1}, 2, {-}, {112}): ${strerror(n)}`);
			yield* pause(p, [s.wq], Infinity);
		}
		const peer = msg.name;
		const attach = (q: process): channel => {
			const err = peer === null ? 0 : s.start_connect(peer);
			if (err < 0 && peer !== null)
				fail(
					q,
					`connect(${fd}, ${sockaddr_info(peer)}, ${sockaddr_len(peer)}): ${strerror(err)}`,
				);
			return socket_channel(a, s, fd, true);
		};
		if (!is_on(a, 'fork')) return attach(p);
		/* the child connects before there is another socket of the same port */
		const ch = attach(p);
		fork(p, s, (child) => go_on(child, ch));
	}
}

function open_udp_datagram(
	p: process,
	a: address,
	g: globals,
	kind: string,
	fds: descriptors,
	sendto: boolean,
): channel {
	want_params(p, a, 2);
	let family = family_of(a, g, kind);
	if (!/[46]$/.test(kind) && !a.options.has('pf')) family = AF_UNSPEC;
	const to = lookup(p, a.params[0], a.params[1], family, SOCK_DGRAM);
	const s = prepare(p, a, to.family, SOCK_DGRAM);
	const fd = fds.take();
	const own = local_address(p, a, to.family, SOCK_DGRAM);
	if (own !== null) do_bind(p, s, own, fd);
	const ch = socket_channel(a, s, fd, true);
	const f = new dgram_file(s, ch);
	ch.to = to;
	if (sendto) ch.from = to;
	ch.reader = f;
	ch.writer = f;
	ch.shut = 'none';
	return ch;
}

function* open_udp_recv(
	p: process,
	a: address,
	g: globals,
	kind: string,
	fds: descriptors,
	recvfrom: boolean,
	go_on: continuation,
): Task<channel> {
	want_params(p, a, 1);
	const family = family_of(a, g, kind) || AF_INET;
	const s = prepare(p, a, family, SOCK_DGRAM);
	const fd = fds.take();
	const own = local_address(p, a, family, SOCK_DGRAM) ?? any_addr(family, 0);
	if (own.family === AF_INET || own.family === AF_INET6) own.port = port_number(a.params[0]);
	do_bind(p, s, own, fd);
	for (;;) {
		const ch = socket_channel(a, s, fd, true);
		const f = new dgram_file(s, ch);
		ch.reader = f;
		ch.writer = recvfrom ? f : null;
		ch.shut = 'none';
		if (!recvfrom) return ch;
		/* one datagram, and answers to who sent it */
		const buf = new Uint8Array(g.buffer);
		const msg = new msghdr(buf);
		let n: number;
		for (;;) {
			n = s.recv(msg);
			if (n !== -EAGAIN) break;
			yield* pause(p, [s.wq], Infinity);
		}
		if (n < 0) fail(p, `recvfrom(${fd}, ${BUFFER}, ${g.buffer}, 0, {}, {112}): ${strerror(n)}`);
		ch.to = msg.name;
		ch.reader = new once_file(buf.slice(0, n), f);
		if (!is_on(a, 'fork')) return ch;
		const child = p.world.start_child(p, p.argv);
		catch_signals(child);
		child.task = guarded(child, go_on(child, ch));
	}
}

/* One datagram that has come, then the end. */
class once_file implements file {
	readonly name = 'socket';
	readonly wq = null;
	#data: Uint8Array;
	readonly #out: file;

	constructor(data: Uint8Array, out: file) {
		this.#data = data;
		this.#out = out;
	}

	read(buf: Uint8Array): number {
		const n = Math.min(buf.length, this.#data.length);
		buf.set(this.#data.subarray(0, n));
		this.#data = this.#data.subarray(n);
		return n;
	}

	write(data: Uint8Array): number {
		return this.#out.write(data);
	}

	poll(): number {
		return POLLIN;
	}

	close(): void {}
}

type direction = 'r' | 'w' | 'rw';

function open_file(p: process, a: address, dir: direction, fds: descriptors): channel {
	want_params(p, a, 1);
	const ch = new channel();
	const path = a.params[0];
	const reads = is_on(a, 'rdonly') || (dir === 'r' && !is_on(a, 'wronly'));
	const flags = `${reads ? '00' : dir === 'rw' ? '02' : is_on(a, 'trunc') ? '01001' : '01'}`;
	const no_file = (err: number): never =>
		fail(p, `open("${path}", ${flags}, 0666): ${strerror(err)}`);
	const fd = fds.take();
	ch.fd_in = fd;
	ch.fd_out = fd;
	if (a.options.has('readbytes')) ch.left = number_of(a, 'readbytes');
	const creates = a.keyword === 'CREATE' || a.keyword === 'GOPEN' || is_on(a, 'creat');
	if (!creates) {
		const probe = p.world.open(p, path, 'r');
		if (typeof probe === 'number') {
			if (reads || probe === -ENOENT) no_file(probe);
		} else if (reads) {
			ch.reader = p.hold(probe);
			return ch;
		} else {
			if (dir === 'rw') ch.reader = p.hold(probe);
			else probe.close();
		}
	}
	const f = p.world.open(p, path, is_on(a, 'trunc') || a.keyword === 'CREATE' ? 'w' : 'a');
	if (typeof f === 'number') no_file(f);
	else ch.writer = p.hold(f);
	return ch;
}

function* open_channel(
	p: process,
	text: string,
	g: globals,
	dir: direction,
	fds: descriptors,
	go_on: continuation,
): Task<channel> {
	const a = parse_address(p, text);
	const k = a.keyword;
	const ch = new channel();
	if (a.options.has('readbytes')) ch.left = number_of(a, 'readbytes');
	switch (k) {
		case '-':
		case 'STDIO':
			want_params(p, a, 0);
			if (dir !== 'w') ch.reader = p.stdin;
			if (dir !== 'r') ch.writer = p.stdout;
			return ch;
		case 'STDIN':
			want_params(p, a, 0);
			ch.reader = p.stdin;
			ch.fd_out = 0;
			if (dir === 'w') ch.writer = p.stdin;
			return ch;
		case 'STDOUT':
		case 'STDERR':
			want_params(p, a, 0);
			ch.writer = k === 'STDOUT' ? p.stdout : p.stderr;
			ch.fd_out = k === 'STDOUT' ? 1 : 2;
			ch.fd_in = ch.fd_out;
			if (dir === 'r') ch.reader = ch.writer;
			return ch;
		case 'OPEN':
		case 'FILE':
		case 'GOPEN':
		case 'CREATE':
		case 'CREAT':
			return open_file(p, a, dir, fds);
		default:
	}
	const m =
		/^(TCP|UDP)([46]?)(?:-(LISTEN|L|CONNECT|SENDTO|DATAGRAM|DGRAM|RECV|RECVFROM))?$/.exec(k);
	if (m === null) {
		if (known_elsewhere.test(k)) unsupported(p);
		fail(p, `unknown device/address "${text.split(/[:,]/)[0]}"`);
	}
	const kind = `${m[1]}${m[2]}`;
	const udp = m[1] === 'UDP';
	switch (m[3]) {
		case undefined:
		case 'CONNECT':
			return yield* open_connect(p, a, g, udp ? SOCK_DGRAM : SOCK_STREAM, kind, fds);
		case 'LISTEN':
		case 'L':
			return yield* (udp ? open_udp_listen : open_tcp_listen)(p, a, g, kind, fds, go_on);
		default:
	}
	if (!udp) fail(p, `unknown device/address "${text.split(/[:,]/)[0]}"`);
	if (m[3].startsWith('RECV'))
		return yield* open_udp_recv(p, a, g, kind, fds, m[3] === 'RECVFROM', go_on);
	return open_udp_datagram(p, a, g, kind, fds, m[3] === 'SENDTO');
}

/* addresses of the real program that are not here */
const known_elsewhere =
	/^(EXEC|SYSTEM|PIPE|FIFO|PTY|READLINE|SOCKETPAIR|UNIX.*|ABSTRACT.*|LOCAL|SCTP.*|OPENSSL.*|SSL.*|DTLS.*|IP[46]?.*|PROXY.*|SOCKS.*|TUN|INTERFACE|IF|VSOCK.*|SOCKET.*|FD)$/;

function dump(p: process, g: globals, mark: string, data: Uint8Array, from: channel, to: channel): void {
	const ns = p.world.realtime_ns();
	const us = String(Math.floor((ns % NSEC_PER_SEC) / 1000)).padStart(6, '0');
	p.eprint(
		`${mark} ${date_text(ns)}.${us}  length=${data.length} from=0 to=${Math.max(0, data.length - 1)}\n`,
	);
	if (g.hex) p.eprint(`${Array.from(data, (b) => ` ${b.toString(16).padStart(2, '0')}`).join('')}\n`);
	if (g.verbose)
		p.eprint(
			decode(data).replace(/[^\n\x20-\x7e]/g, (c) => (c === '\t' ? '\\t' : c === '\r' ? '\\r' : '.')),
		);
	void from;
	void to;
}

/* One block from one channel to the other: bytes, 0 at the end, or a negative errno. */
function* transfer(
	p: process,
	g: globals,
	from: channel,
	to: channel,
	buf: Uint8Array,
	mark: string,
): Task<number> {
	const room = from.left >= 0 && from.left < buf.length ? buf.subarray(0, from.left) : buf;
	const n = from.reader!.read(room);
	if (n === -EAGAIN) return n;
	if (n === -EPIPE || n === -ECONNRESET) return n;
	if (n < 0) fail(p, `read(${from.fd_in}, ${BUFFER}, ${buf.length}): ${strerror(n)}`);
	if (n === 0) return from.datagram && !from.null_eof && from.to !== null ? -EAGAIN : 0;
	if (from.left > 0) from.left -= n;
	const data = room.slice(0, n);
	if (g.verbose || g.hex) dump(p, g, mark, data, from, to);
	for (let at = 0; at < n; ) {
		const w = to.writer!.write(at === 0 ? data : data.subarray(at));
		if (w === -EAGAIN) {
			yield* pause(p, to.writer!.wq === null ? [] : [to.writer!.wq], Infinity);
			continue;
		}
		if (w < 0) fail(p, `write(${to.fd_out}, ${BUFFER}, ${n - at}): ${strerror(w)}`);
		at += w;
		if (to.datagram) break;
	}
	return n;
}

function shutdown(ch: channel): void {
	const s = ch.writer;
	if (!(s instanceof socket_file)) {
		/* a pipe's reader sees the end now */
		return;
	}
	if (ch.shut === 'down') s.shutdown(SHUT_WR);
	else if (ch.shut === 'close') s.close();
}

/* Moves bytes both ways until both have ended, or one has and the other is silent. */
function* relay(p: process, g: globals, left: channel, right: channel): Task<number> {
	const buf = new Uint8Array(g.buffer);
	const forward = !g.right_to_left;
	const backward = !g.left_to_right;
	let closing = false;

	const readable = (f: file): boolean => (f.poll() & (POLLIN | POLLHUP | POLLERR)) !== 0;
	const writable = (f: file): boolean => (f.poll() & (POLLOUT | POLLERR)) !== 0;

	while (!left.eof || !right.eof) {
		const until = closing
			? p.now() + g.close_ns
			: g.idle_ns > 0
				? p.now() + g.idle_ns
				: Infinity;
		/* select(): what is not known to be ready is looked at */
		let ready = false;
		for (;;) {
			const queues: wait_queue_head[] = [];
			const look = (f: file | null, test: (f: file) => boolean): boolean => {
				if (f === null) return false;
				if (test(f)) {
					ready = true;
					return true;
				}
				if (f.wq !== null) queues.push(f.wq);
				return false;
			};
			if (forward && !left.eof) {
				if (!left.may_read) left.may_read = look(left.reader, readable);
				if (!right.may_write) right.may_write = look(right.writer, writable);
			}
			if (backward && !right.eof) {
				if (!right.may_read) right.may_read = look(right.reader, readable);
				if (!left.may_write) left.may_write = look(left.writer, writable);
			}
			if (ready || p.now() >= until) break;
			yield* pause(p, queues, until);
		}
		if (!ready) return 0;

		/* both ways first, then what has ended */
		const moved = [-EAGAIN, -EAGAIN];
		for (const [i, from, to, on, mark] of [
			[0, left, right, forward, '>'],
			[1, right, left, backward, '<'],
		] as const) {
			if (!on || from.eof || !from.may_read || !to.may_write) continue;
			from.may_read = false;
			const n = from.left === 0 ? 0 : yield* transfer(p, g, from, to, buf, mark);
			if (n > 0) to.may_write = false;
			if (n < 0 && n !== -EAGAIN) {
				closing = true;
				if (g.left_to_right || g.right_to_left) return 0;
			}
			moved[i] = n > 0 && from.left === 0 ? 0 : n;
		}
		for (const [i, from, to] of [
			[0, left, right],
			[1, right, left],
		] as const) {
			if (moved[i] !== 0) continue;
			shutdown(to);
			from.eof = true;
			if (g.left_to_right || g.right_to_left) return 0;
			closing = true;
		}
	}
	return 0;
}

function* run(p: process, g: globals, texts: readonly string[]): Task<number> {
	const fds = new descriptors();
	const dirs: direction[] = g.left_to_right ? ['r', 'w'] : g.right_to_left ? ['w', 'r'] : ['rw', 'rw'];
	const second: continuation = function* (q, left) {
		const right = yield* open_channel(q, texts[1], g, dirs[1], fds, (child, ch) =>
			relay(child, g, left, ch),
		);
		return yield* relay(q, g, left, right);
	};
	const left = yield* open_channel(p, texts[0], g, dirs[0], fds, second);
	return yield* second(p, left);
}

function* guarded(p: process, task: Task<number>): Task<number> {
	try {
		return yield* task;
	} catch (e) {
		if (!(e instanceof finished)) throw e;
		return e.code;
	}
}

/* Seconds of an option, ns. */
function seconds(text: string): number {
	const s = Number.parseFloat(text);
	return Number.isNaN(s) ? 0 : Math.round(s * NSEC_PER_SEC);
}

/** The program. */
export function* socat(p: process, argv: string[]): Task<number> {
	const g: globals = {
		buffer: 8192,
		close_ns: CLOSE_WAIT_NS,
		idle_ns: 0,
		left_to_right: false,
		right_to_left: false,
		verbose: false,
		hex: false,
		debug: 0,
		family: AF_UNSPEC,
	};
	catch_signals(p);
	const texts: string[] = [];
	try {
		let i = 1;
		for (; i < argv.length && /^-./.test(argv[i]); i++) {
			const opt = argv[i];
			const letter = opt[1];
			const value = (): string => {
				if (opt.length > 2) return opt.slice(2);
				if (++i >= argv.length)
					fail(p, `option -${letter} requires an argument; use option "-h" for help`);
				return argv[i];
			};
			if (letter === 'V') {
				p.print(VERSION);
				return 0;
			}
			if (letter === 'h' || letter === '?') {
				p.print(HELP);
				return 0;
			}
			if (/^-d+$/.test(opt)) g.debug += opt.length - 1;
			else if (letter === 'u') g.left_to_right = true;
			else if (letter === 'U') g.right_to_left = true;
			else if (letter === 'v') g.verbose = true;
			else if (letter === 'x') g.hex = true;
			else if (letter === '4') g.family = AF_INET;
			else if (letter === '6') g.family = AF_INET6;
			else if (letter === 't') g.close_ns = seconds(value());
			else if (letter === 'T') g.idle_ns = seconds(value());
			else if (letter === 'b') g.buffer = Math.max(1, Number.parseInt(value(), 10) || 8192);
			else if (letter === 'l') {
				/* where messages go: standard error */
			} else if (/^-[DsgLW]/.test(opt)) unsupported(p);
			else fail(p, `unknown option "${opt}"; use option "-h" for help`);
		}
		texts.push(...argv.slice(i));
		if (texts.length !== 2)
			fail(
				p,
				`exactly 2 addresses required (there are ${texts.length}); use option "-h" for help`,
			);
		return yield* run(p, g, texts);
	} catch (e) {
		if (!(e instanceof finished)) throw e;
		return e.code;
	}
}
