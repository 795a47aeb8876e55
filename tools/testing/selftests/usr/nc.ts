// SPDX-License-Identifier: GPL-2.0-only
/*
 * nc, OpenBSD netcat as of Debian 1.219: -4 -6 -d -k -l -N -n -p -q -s -u -v -w -z -T -U refused.
 * What arrives is written at once; the end of standard input shuts the sending side down only with -N.
 */
import { SHUT_WR } from '../../../../include/linux/net.ts';
import {
	AF_INET,
	AF_INET6,
	AF_UNSPEC,
	msghdr,
	MSG_PEEK,
	SO_REUSEADDR,
	SOCK_DGRAM,
	SOCK_STREAM,
	type sockaddr,
	SOL_SOCKET,
} from '../../../../include/linux/socket.ts';
import { EAGAIN } from '../../../../include/uapi/linux/errno.ts';
import { type file, POLLERR, POLLHUP } from '../lib/file.ts';
import { NSEC_PER_SEC, type process, type Task, wait } from '../lib/process.ts';
import {
	accept,
	any_addr,
	connect,
	host_text,
	open_socket,
	port_of,
	resolve,
	type socket_file,
} from '../lib/sockets.ts';
import { strerror } from '../lib/strerror.ts';
import { getopt } from './getopt.ts';

const BUFSIZE = 16384;

const USAGE =
	'usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]\n' +
	'\t  [-m minttl] [-O length] [-P proxy_username] [-p source_port]\n' +
	'\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]\n' +
	'\t  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]\n' +
	'\t  [destination] [port]\n';

interface nc_options {
	family: number;
	udp: boolean;
	listen: boolean;
	keep: boolean;
	zero: boolean;
	verbose: boolean;
	no_stdin: boolean;
	shutdown_at_eof: boolean;
	/** Seconds, -1 for none. */
	timeout: number;
	/** Seconds after the end of standard input, -1 for never. */
	quit: number;
	source: string | null;
	source_port: string | null;
}

function parse_port(s: string): number | null {
	if (!/^\d+$/.test(s)) return null;
	const n = Number(s);
	return n >= 1 && n <= 65535 ? n : null;
}

/* One direction: what was read and is not written yet, and which of its ends are gone. */
class half {
	readonly buf = new Uint8Array(BUFSIZE);
	start = 0;
	end = 0;
	in_gone = false;
	out_gone = false;

	get empty(): boolean {
		return this.start === this.end;
	}

	/** Reads when there is room; answers whether anything happened. */
	fill(from: file): boolean {
		if (this.in_gone || !this.empty) return false;
		const n = from.read(this.buf);
		if (n === -EAGAIN) return false;
		if (n > 0) {
			this.start = 0;
			this.end = n;
		} else this.in_gone = true;
		return true;
	}

	/** Writes what is there; answers whether anything happened. */
	drain(to: file): boolean {
		if (this.out_gone || this.empty) return false;
		const n = to.write(
			this.start === 0 && this.end === BUFSIZE
				? this.buf
				: this.buf.subarray(this.start, this.end),
		);
		if (n === -EAGAIN) return false;
		if (n > 0) this.start += n;
		else this.out_gone = true;
		return true;
	}
}

/** Relays between the socket and the standard files until one of the tool's conditions to stop holds. */
function* readwrite(p: process, o: nc_options, net: socket_file): Task<void> {
	/* standard input to network, network to standard output */
	const up = new half();
	const down = new half();
	if (o.no_stdin) up.in_gone = true;
	let last = p.now();
	let quit_at = Infinity;
	for (;;) {
		if (up.in_gone && down.in_gone && up.empty && down.empty) return;
		if (up.out_gone && down.out_gone) return;
		if (o.listen && down.in_gone && up.empty && down.empty) return;
		if (p.now() >= quit_at) return;

		let moved = false;
		if (!up.out_gone && (net.poll() & POLLHUP) !== 0 && !o.udp) {
			up.out_gone = true;
			moved = true;
		}
		if (up.out_gone && !up.in_gone) {
			up.in_gone = true;
			up.start = up.end;
			moved = true;
		}
		if (up.fill(p.stdin)) {
			moved = true;
			if (up.in_gone && o.quit >= 0) quit_at = p.now() + o.quit * NSEC_PER_SEC;
		}
		if (up.drain(net)) moved = true;
		if (down.fill(net)) moved = true;
		if (down.drain(p.stdout)) moved = true;
		if (up.in_gone && up.empty && !up.out_gone) {
			if (o.shutdown_at_eof && !o.udp) net.shutdown(SHUT_WR);
			up.out_gone = true;
			moved = true;
		}
		if (down.in_gone && down.empty && !down.out_gone) {
			down.out_gone = true;
			moved = true;
		}
		if (moved) {
			last = p.now();
			continue;
		}
		const queues = [net.wq];
		if (!up.in_gone && up.empty && p.stdin.wq !== null) queues.push(p.stdin.wq);
		if (!down.empty && p.stdout.wq !== null) queues.push(p.stdout.wq);
		const idle = o.timeout >= 0 ? last + o.timeout * NSEC_PER_SEC : Infinity;
		if (p.now() >= idle) return;
		yield new wait(queues, Math.min(idle, quit_at));
	}
}

function* serve(p: process, o: nc_options, host: string | null, port: number): Task<number> {
	const family = o.family === AF_UNSPEC ? AF_INET : o.family;
	const addr = host === null ? any_addr(family, port) : resolve(p, host, port, o.family);
	if (typeof addr === 'string') {
		p.eprint(`nc: getaddrinfo for host "${host}" port ${port}: ${addr}\n`);
		return 1;
	}
	const s = open_socket(p, addr.family, o.udp ? SOCK_DGRAM : SOCK_STREAM);
	if (typeof s === 'number') {
		p.eprint(`nc: ${strerror(s)}\n`);
		return 1;
	}
	s.set(SOL_SOCKET, SO_REUSEADDR, 1);
	let err = s.bind(addr);
	if (err === 0 && !o.udp) err = s.listen(1);
	if (err < 0) {
		p.eprint(`nc: ${strerror(err)}\n`);
		return 1;
	}
	if (o.verbose)
		p.eprint(`${o.udp ? 'Bound' : 'Listening'} on ${host ?? (family === AF_INET6 ? '::' : '0.0.0.0')} ${port}\n`);
	for (;;) {
		if (o.udp) {
			/* the first datagram says who the peer is */
			const msg = new msghdr(new Uint8Array(BUFSIZE));
			for (;;) {
				const n = s.recv(msg, MSG_PEEK);
				if (n >= 0) break;
				if (n !== -EAGAIN) {
					p.eprint(`nc: recvfrom: ${strerror(n)}\n`);
					return 1;
				}
				yield new wait([s.wq], Infinity);
			}
			if (msg.name !== null) s.start_connect(msg.name);
			yield* readwrite(p, o, s);
		} else {
			const c = yield* accept(p, s);
			if (typeof c === 'number') {
				p.eprint(`nc: accept: ${strerror(c)}\n`);
				return 1;
			}
			if (o.verbose) {
				const peer = c.peer_of();
				p.eprint(`Connection received on ${host_text(peer)} ${port_of(peer)}\n`);
			}
			if (!o.keep) p.drop(s);
			yield* readwrite(p, o, c);
			p.drop(c);
		}
		if (!o.keep) return 0;
	}
}

function* call(p: process, o: nc_options, host: string, ports: number[]): Task<number> {
	let ret = 1;
	for (const port of ports) {
		const addr = resolve(p, host, port, o.family);
		if (typeof addr === 'string') {
			p.eprint(`nc: getaddrinfo for host "${host}" port ${port}: ${addr}\n`);
			return 1;
		}
		const s = open_socket(p, addr.family, o.udp ? SOCK_DGRAM : SOCK_STREAM);
		if (typeof s === 'number') continue;
		if (o.source !== null || o.source_port !== null) {
			s.set(SOL_SOCKET, SO_REUSEADDR, 1);
			const src: sockaddr | string =
				o.source === null
					? any_addr(addr.family, Number(o.source_port ?? 0))
					: resolve(p, o.source, Number(o.source_port ?? 0), addr.family);
			const err = typeof src === 'string' ? src : s.bind(src);
			if (err !== 0) {
				p.eprint(`nc: bind failed: ${typeof err === 'string' ? err : strerror(err)}\n`);
				return 1;
			}
		}
		const deadline = o.timeout >= 0 ? p.now() + o.timeout * NSEC_PER_SEC : Infinity;
		const err = yield* connect(p, s, addr, deadline);
		if (err < 0) {
			if (o.verbose)
				p.eprint(
					`nc: connect to ${host} port ${port} (${o.udp ? 'udp' : 'tcp'}) failed: ${strerror(err)}\n`,
				);
			p.drop(s);
			continue;
		}
		ret = 0;
		if (o.verbose || o.zero) {
			if (o.udp && o.verbose) {
				/* datagrams that nobody wants come back as errors */
				for (let i = 0; i < 3; i++) {
					s.write(new Uint8Array([0x58]));
					yield* p.sleep(NSEC_PER_SEC);
					if ((s.poll() & POLLERR) !== 0 && s.error() !== 0) {
						ret = 1;
						break;
					}
				}
				if (ret !== 0) {
					p.drop(s);
					continue;
				}
			}
			if (o.verbose)
				p.eprint(`Connection to ${host} ${port} port [${o.udp ? 'udp' : 'tcp'}/*] succeeded!\n`);
		}
		if (!o.zero) yield* readwrite(p, o, s);
		p.drop(s);
	}
	return ret;
}

/** The program. */
export function* nc(p: process, argv: string[]): Task<number> {
	const g = getopt(argv.slice(1), '46bCDdFhI:i:klM:m:NnO:P:p:q:rSs:T:tUuV:vW:w:X:x:Zz');
	if (g.error !== null) {
		p.eprint(`nc: ${g.error}\n${USAGE}`);
		return 1;
	}
	const o: nc_options = {
		family: AF_UNSPEC,
		udp: false,
		listen: false,
		keep: false,
		zero: false,
		verbose: false,
		no_stdin: false,
		shutdown_at_eof: false,
		timeout: -1,
		quit: -1,
		source: null,
		source_port: null,
	};
	for (const { name, value } of g.options) {
		switch (name) {
			case '4':
				o.family = AF_INET;
				break;
			case '6':
				o.family = AF_INET6;
				break;
			case 'd':
				o.no_stdin = true;
				break;
			case 'k':
				o.keep = true;
				break;
			case 'l':
				o.listen = true;
				break;
			case 'N':
				o.shutdown_at_eof = true;
				break;
			case 'p':
				o.source_port = value;
				break;
			case 'q':
				o.quit = Number(value);
				if (o.quit >= 0) o.shutdown_at_eof = true;
				break;
			case 's':
				o.source = value;
				break;
			case 'u':
				o.udp = true;
				break;
			case 'v':
				o.verbose = true;
				break;
			case 'w': {
				const n = Number(value);
				if (!/^\d+$/.test(value) || !Number.isSafeInteger(n)) {
					p.eprint(`nc: timeout invalid: ${value}\n`);
					return 1;
				}
				o.timeout = n;
				break;
			}
			case 'z':
				o.zero = true;
				break;
			case 'h':
				p.eprint(USAGE);
				return 0;
			case 'n':
			case 'r':
			case 'D':
			case 't':
			case 'b':
				break;
			default:
				p.eprint(`simns: unsupported: ${argv.join(' ')}\n`);
				return 1;
		}
	}
	if (o.listen) {
		let host: string | null = null;
		let port = o.source_port;
		if (g.operands.length === 1) {
			/* a lone operand is the port, or with -p the address */
			if (port === null) [port] = g.operands as [string];
			else [host] = g.operands as [string];
		} else if (g.operands.length === 2 && port === null) [host, port] = g.operands as [string, string];
		else if (g.operands.length > 0) {
			p.eprint(USAGE);
			return 1;
		}
		if (o.source !== null) host = o.source;
		if (port === null) {
			p.eprint('nc: missing port number\n');
			return 1;
		}
		const n = parse_port(port);
		if (n === null) {
			p.eprint(`nc: port number invalid: ${port}\n`);
			return 1;
		}
		return yield* serve(p, o, host, n);
	}
	if (g.operands.length === 0) {
		p.eprint(USAGE);
		return 1;
	}
	const [host, ...rest] = g.operands as [string, ...string[]];
	if (rest.length === 0) {
		p.eprint('nc: missing port number\n');
		return 1;
	}
	const ports: number[] = [];
	for (const word of rest) {
		const range = /^(\d+)-(\d+)$/.exec(word);
		const lo = parse_port(range === null ? word : range[1]);
		const hi = range === null ? lo : parse_port(range[2]);
		if (lo === null || hi === null) {
			p.eprint(`nc: port number invalid: ${word}\n`);
			return 1;
		}
		for (let n = Math.min(lo, hi); n <= Math.max(lo, hi); n++) ports.push(n);
	}
	return yield* call(p, o, host, ports);
}

