// SPDX-License-Identifier: GPL-2.0-only
/*
 * ot, the traffic program of the recordings: deterministic UDP and TCP peers.
 *   usend [-6 -i MS -s SIZE -p PORT -D MODE -t S -u] HOST PORT N   connected UDP, counts the replies
 *   uecho, usink [-6 -t S] PORT                                    answers, or only counts
 *   ufast [-s SIZE -p PORT -t S] HOST PORT                         as fast as possible
 *   tcli [-6 -i MS -p PORT -t S -R] HOST PORT [BYTES] [ROUNDS]     request and reply, then FIN or RST
 *   tsrv [-6 -t S] PORT                                            echoes one connection
 */
import {
	AF_INET,
	AF_INET6,
	msghdr,
	SO_LINGER,
	SO_REUSEADDR,
	SOCK_DGRAM,
	SOCK_STREAM,
	type sockaddr,
	SOL_IP,
	SOL_IPV6,
	SOL_SOCKET,
	SOL_TCP,
} from '../../../../include/linux/socket.ts';
import { EAGAIN } from '../../../../include/uapi/linux/errno.ts';
import { IP_MTU_DISCOVER, IP_RECVTTL } from '../../../../include/uapi/linux/in.ts';
import { IPV6_MTU_DISCOVER, IPV6_RECVHOPLIMIT } from '../../../../include/uapi/linux/in6.ts';
import { TCP_NODELAY } from '../../../../include/uapi/linux/tcp.ts';
import { POLLERR, POLLIN } from '../lib/file.ts';
import { NSEC_PER_MSEC, NSEC_PER_SEC, type process, type Task } from '../lib/process.ts';
import { any_addr, connect, open_socket, resolve, type socket_file } from '../lib/sockets.ts';
import { strerror } from '../lib/strerror.ts';
import { getopt } from './getopt.ts';

interface ot_options {
	v6: boolean;
	interval: number;
	size: number;
	sport: number;
	df: number;
	dur: number;
	rst: boolean;
	unconnected: boolean;
}

/** Ends the program. */
class failure extends Error {}

function check(err: number, what: string): void {
	if (err < 0) throw new failure(`${what}: ${strerror(err)}\n`);
}

function make(p: process, o: ot_options, type: number): socket_file {
	const s = open_socket(p, o.v6 ? AF_INET6 : AF_INET, type);
	if (typeof s === 'number') throw new failure(`socket: ${strerror(s)}\n`);
	s.set(SOL_SOCKET, SO_REUSEADDR, 1);
	if (o.v6) s.set(SOL_IPV6, IPV6_RECVHOPLIMIT, 1);
	else s.set(SOL_IP, IP_RECVTTL, 1);
	if (o.df !== 0) {
		/* DO, PROBE, DONT */
		const mode = o.df === 1 ? 2 : o.df === 2 ? 3 : 0;
		if (o.v6) s.set(SOL_IPV6, IPV6_MTU_DISCOVER, mode);
		else s.set(SOL_IP, IP_MTU_DISCOVER, mode);
	}
	return s;
}

function address(p: process, o: ot_options, host: string, port: string): sockaddr {
	const a = resolve(p, host, Number(port), o.v6 ? AF_INET6 : AF_INET);
	if (typeof a === 'string') throw new failure(`gai ${a}\n`);
	return a;
}

/* TTLs of what arrived */
class histogram {
	readonly #count = new Map<number, number>();

	add(ttl: number): void {
		if (ttl >= 0) this.#count.set(ttl, (this.#count.get(ttl) ?? 0) + 1);
	}

	text(): string {
		return [...this.#count]
			.sort((a, b) => a[0] - b[0])
			.map(([ttl, n]) => `${ttl}:${n}`)
			.join(',');
	}
}

function receive(s: socket_file, buf: Uint8Array): { n: number; ttl: number; from: sockaddr | null } {
	const msg = new msghdr(buf);
	const n = s.recv(msg);
	return { n, ttl: msg.ttl ?? msg.hoplimit ?? -1, from: msg.name };
}

function seconds(ns: number): string {
	return (ns / NSEC_PER_SEC).toFixed(3);
}

function* usend(p: process, o: ot_options, argv: string[]): Task<number> {
	const to = address(p, o, argv[0], argv[1]);
	const n = Number(argv[2]);
	const s = make(p, o, SOCK_DGRAM);
	if (o.sport !== 0) check(s.bind(any_addr(to.family, o.sport)), 'bind');
	if (!o.unconnected) check(s.start_connect(to), 'connect');
	const buf = new Uint8Array(70000);
	const th = new histogram();
	let got = 0;
	let errors = 0;
	let last = 0;
	const t0 = p.now();
	const take = (): void => {
		const r = receive(s, buf);
		if (r.n >= 0) {
			got++;
			th.add(r.ttl);
		} else if (r.n !== -EAGAIN) {
			errors++;
			last = r.n;
		}
	};
	for (let i = 0; i < n; i++) {
		const data = new Uint8Array(o.size).fill(97 + (i % 26));
		const label = new TextEncoder().encode(`seq ${String(i).padStart(6, '0')}\0`);
		data.set(label.subarray(0, Math.min(label.length, o.size)));
		const r = s.send(data, o.unconnected ? to : null);
		if (r < 0) {
			errors++;
			last = r;
		}
		const te = p.now() + o.interval * NSEC_PER_MSEC;
		do {
			if (yield* p.poll([[s, POLLIN]], te)) take();
		} while (p.now() < te);
	}
	const te = p.now() + (o.dur > 0 ? o.dur * NSEC_PER_SEC : 300 * NSEC_PER_MSEC);
	while (p.now() < te && got < n)
		if (yield* p.poll([[s, POLLIN]], Math.min(te, p.now() + 50 * NSEC_PER_MSEC))) take();
	p.print(
		`udp_sent=${n}\nudp_replies=${got}\nudp_errors=${errors}\nudp_lasterr=${last !== 0 ? strerror(last) : 'none'}\nudp_secs=${seconds(p.now() - t0)}\nudp_reply_ttl=${th.text()}\n`,
	);
	return 0;
}

function* userve(p: process, o: ot_options, argv: string[], echo: boolean): Task<number> {
	const s = make(p, o, SOCK_DGRAM);
	check(s.bind(any_addr(o.v6 ? AF_INET6 : AF_INET, Number(argv[0]))), 'bind');
	const buf = new Uint8Array(70000);
	const th = new histogram();
	let n = 0;
	let bytes = 0;
	let t1 = 0;
	let t2 = 0;
	const te = p.now() + (o.dur > 0 ? o.dur : 5) * NSEC_PER_SEC;
	while (p.now() < te) {
		if (!(yield* p.poll([[s, POLLIN]], te))) continue;
		const r = receive(s, buf);
		if (r.n < 0) {
			if (r.n !== -EAGAIN) s.error();
			continue;
		}
		if (n === 0) t1 = p.now();
		t2 = p.now();
		n++;
		bytes += r.n;
		th.add(r.ttl);
		if (echo) s.send(buf.slice(0, r.n), r.from);
	}
	p.print(
		`srv_udp_recv=${n}\nsrv_udp_bytes=${bytes}\nsrv_udp_span=${seconds(t2 - t1)}\nsrv_udp_ttl=${th.text()}\n`,
	);
	return 0;
}

function* ufast(p: process, o: ot_options, argv: string[]): Task<number> {
	const to = address(p, o, argv[0], argv[1]);
	const s = make(p, o, SOCK_DGRAM);
	if (o.sport !== 0) check(s.bind(any_addr(to.family, o.sport)), 'bind');
	s.start_connect(to);
	const data = new Uint8Array(o.size).fill(120);
	let n = 0;
	const t0 = p.now();
	const te = t0 + (o.dur > 0 ? o.dur : 5) * NSEC_PER_SEC;
	while (p.now() < te) {
		if (s.send(data) > 0) n++;
		/* a system call costs something, or time would stand still */
		yield* p.sleep(1000);
	}
	p.print(`blast_sent=${n}\nblast_secs=${seconds(p.now() - t0)}\n`);
	return 0;
}

function* tcli(p: process, o: ot_options, argv: string[]): Task<number> {
	const to = address(p, o, argv[0], argv[1]);
	const s = make(p, o, SOCK_STREAM);
	if (o.sport !== 0) check(s.bind(any_addr(to.family, o.sport)), 'bind');
	const err = yield* connect(p, s, to);
	if (err < 0) {
		p.eprint(`connect: ${strerror(err)}\n`);
		p.print(`tcp_connect=${strerror(err)}\n`);
		return 2;
	}
	const k = argv.length > 2 ? Number(argv[2]) : 100;
	const rounds = argv.length > 3 ? Number(argv[3]) : 10;
	s.set(SOL_TCP, TCP_NODELAY, 1);
	let ok = 0;
	const buf = new Uint8Array(k);
	for (let i = 0; i < rounds; i++) {
		const data = new Uint8Array(k).fill(65 + (i % 26));
		if ((yield* p.write_all(s, data)) < 0) break;
		let got = 0;
		while (got < k) {
			/* SO_RCVTIMEO of 3 s */
			if (!(yield* p.poll([[s, POLLIN]], p.now() + 3 * NSEC_PER_SEC))) break;
			const n = s.read(buf.subarray(got));
			if (n === -EAGAIN) continue;
			if (n <= 0) break;
			got += n;
		}
		if (got < k) break;
		ok++;
		if (o.interval > 0) yield* p.sleep(o.interval * NSEC_PER_MSEC);
	}
	p.print(`tcp_rounds_ok=${ok}/${rounds}\n`);
	if (o.dur > 0) yield* p.sleep(o.dur * NSEC_PER_SEC);
	if (o.rst) s.set(SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 });
	p.drop(s);
	p.print(`tcp_close=${o.rst ? 'rst' : 'fin'}\n`);
	return 0;
}

function* tsrv(p: process, o: ot_options, argv: string[]): Task<number> {
	const s = make(p, o, SOCK_STREAM);
	check(s.bind(any_addr(o.v6 ? AF_INET6 : AF_INET, Number(argv[0]))), 'bind');
	s.listen(5);
	const te = p.now() + (o.dur > 0 ? o.dur : 20) * NSEC_PER_SEC;
	let total = 0;
	let conns = 0;
	const buf = new Uint8Array(70000);
	while (p.now() < te) {
		if (!(yield* p.poll([[s, POLLIN]], Math.min(te, p.now() + 100 * NSEC_PER_MSEC)))) continue;
		const a = s.try_accept();
		if (typeof a === 'number') continue;
		p.hold(a);
		conns++;
		a.set(SOL_TCP, TCP_NODELAY, 1);
		for (;;) {
			if (p.now() >= te || !(yield* p.poll([[a, POLLIN | POLLERR]], te))) break;
			const n = a.read(buf);
			if (n === -EAGAIN) continue;
			if (n <= 0) {
				p.print(`srv_tcp_end=${n === 0 ? 'fin' : strerror(n)}\n`);
				break;
			}
			total += n;
			const err = yield* p.write_all(a, buf.slice(0, n));
			if (err < 0) {
				p.print(`srv_tcp_send=${strerror(err)}\n`);
				break;
			}
		}
		p.drop(a);
		break;
	}
	p.print(`srv_tcp_bytes=${total}\nsrv_tcp_conns=${conns}\n`);
	return 0;
}

function* run(p: process, cmd: string, args: string[]): Task<number> {
	const g = getopt(args, '6i:s:p:D:t:qRu');
	const o: ot_options = {
		v6: false,
		interval: 50,
		size: 100,
		sport: 0,
		df: 0,
		dur: 0,
		rst: false,
		unconnected: false,
	};
	for (const { name, value } of g.options) {
		if (name === '6') o.v6 = true;
		else if (name === 'i') o.interval = Number(value);
		else if (name === 's') o.size = Number(value);
		else if (name === 'p') o.sport = Number(value);
		else if (name === 'D') o.df = Number(value);
		else if (name === 't') o.dur = Number(value);
		else if (name === 'R') o.rst = true;
		else if (name === 'u') o.unconnected = true;
	}
	switch (cmd) {
		case 'usend':
			return yield* usend(p, o, g.operands);
		case 'uecho':
			return yield* userve(p, o, g.operands, true);
		case 'usink':
			return yield* userve(p, o, g.operands, false);
		case 'ufast':
			return yield* ufast(p, o, g.operands);
		case 'tcli':
			return yield* tcli(p, o, g.operands);
		case 'tsrv':
			return yield* tsrv(p, o, g.operands);
		default:
			return 2;
	}
}

/** The program. */
export function* ot(p: process, argv: string[]): Task<number> {
	if (argv.length < 2) return 2;
	try {
		return yield* run(p, argv[1], argv.slice(2));
	} catch (e) {
		if (!(e instanceof failure)) throw e;
		p.eprint(e.message);
		return 2;
	}
}
