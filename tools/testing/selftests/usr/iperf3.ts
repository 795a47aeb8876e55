// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bulk transfer in one direction, called as iperf3 is: -s, -c HOST, -p PORT, -n BYTES, -t SECONDS, -u, -b RATE,
 * --cport PORT, -1, -4, -6, -Z (sendfile), --skip-rx-copy. The server counts what arrives; there is no control
 * connection, so neither side speaks the real tool's protocol, both must be this program, and --skip-rx-copy
 * is told to the server itself.
 */
import { page } from '../../../../include/linux/mm.ts';
import { SHUT_WR } from '../../../../include/linux/net.ts';
import {
	AF_INET,
	AF_INET6,
	AF_UNSPEC,
	MSG_TRUNC,
	msghdr,
	SO_REUSEADDR,
	SOCK_DGRAM,
	SOCK_STREAM,
	SOL_SOCKET,
} from '../../../../include/linux/socket.ts';
import { EAGAIN } from '../../../../include/uapi/linux/errno.ts';
import { POLLIN } from '../lib/file.ts';
import { NSEC_PER_SEC, type process, type Task, wait } from '../lib/process.ts';
import { accept, any_addr, connect, open_socket, resolve } from '../lib/sockets.ts';
import { strerror } from '../lib/strerror.ts';
import { getopt } from './getopt.ts';

const CHUNK = 131072;

function parse_amount(s: string): number {
	const m = /^(\d+(?:\.\d+)?)([kKmMgG]?)$/.exec(s);
	if (m === null) return NaN;
	const unit = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[m[2].toLowerCase()]!;
	return Math.round(Number(m[1]) * unit);
}

function report(p: process, what: string, bytes: number, ns: number): void {
	const s = ns / NSEC_PER_SEC;
	const rate = s > 0 ? (bytes * 8) / s / 1e6 : 0;
	p.print(
		`[  5]   0.00-${s.toFixed(2)} sec  ${(bytes / 2 ** 20).toFixed(2)} MBytes  ${rate.toFixed(2)} Mbits/sec                  ${what}\n`,
	);
}

interface run_options {
	family: number;
	port: number;
	udp: boolean;
	once: boolean;
	bytes: number;
	seconds: number;
	/** Bits a second for UDP. */
	rate: number;
	cport: number;
	length: number;
	/** The client's bytes go out from the pages of a file. */
	zerocopy: boolean;
	/** The server throws away what arrives, unread. */
	skip_rx_copy: boolean;
}

function* server(p: process, o: run_options): Task<number> {
	const family = o.family === AF_UNSPEC ? AF_INET6 : o.family;
	const s = open_socket(p, family, o.udp ? SOCK_DGRAM : SOCK_STREAM);
	if (typeof s === 'number') return 1;
	s.set(SOL_SOCKET, SO_REUSEADDR, 1);
	let err = s.bind(any_addr(family, o.port));
	if (err === 0 && !o.udp) err = s.listen(5);
	if (err < 0) {
		p.eprint(`iperf3: error - unable to start listener for connections: ${strerror(err)}\n`);
		return 1;
	}
	p.print(
		`-----------------------------------------------------------\nServer listening on ${o.port}\n-----------------------------------------------------------\n`,
	);
	const buf = new Uint8Array(CHUNK);
	do {
		let bytes = 0;
		let began = 0;
		if (o.udp) {
			for (;;) {
				const idle = bytes > 0 ? p.now() + NSEC_PER_SEC : Infinity;
				if (!(yield* p.poll([[s, POLLIN]], idle))) break;
				const n = s.read(buf);
				if (n === -EAGAIN) continue;
				if (n < 0) break;
				if (bytes === 0) began = p.now();
				bytes += n;
			}
			report(p, 'receiver', bytes, p.now() - NSEC_PER_SEC - began);
			continue;
		}
		const c = yield* accept(p, s);
		if (typeof c === 'number') return 1;
		began = p.now();
		for (;;) {
			const n = o.skip_rx_copy ? c.recv(new msghdr(buf), MSG_TRUNC) : c.read(buf);
			if (n === -EAGAIN) {
				yield new wait([c.wq], Infinity);
				continue;
			}
			if (n <= 0) break;
			bytes += n;
		}
		p.drop(c);
		report(p, 'receiver', bytes, p.now() - began);
	} while (!o.once);
	return 0;
}

/** What the real one takes and this one has not. */
const absent: ReadonlySet<string> = new Set(
	`A B C D F G I J K L M N O P R S T V X d f i k m w
	affinity bidir bind bind-dev blocks client_port congestion cntl-ka connect-timeout daemon debug
	dont-fragment dscp extra-data file flowlabel fq-rate get-server-output idle-timeout interval json logfile
	no-delay no-fq-socket-pacing omit pacing-timer parallel pidfile rcv-timeout repeating-payload reverse
	rsa-private-key-path rsa-public-key-path server-bitrate-limit set-mss timestamps title tos
	udp-counters-64bit username verbose window xbind`.split(/\s+/),
);

function* client(p: process, o: run_options, host: string): Task<number> {
	const to = resolve(p, host, o.port, o.family);
	if (typeof to === 'string') {
		p.eprint(`iperf3: error - unable to connect to server: ${to}\n`);
		return 1;
	}
	const s = open_socket(p, to.family, o.udp ? SOCK_DGRAM : SOCK_STREAM);
	if (typeof s === 'number') return 1;
	if (o.cport > 0) s.bind(any_addr(to.family, o.cport));
	const err = yield* connect(p, s, to);
	if (err < 0) {
		p.eprint(`iperf3: error - unable to connect to server: ${strerror(err)}\n`);
		return 1;
	}
	p.print(`Connecting to host ${host}, port ${o.port}\n`);
	const began = p.now();
	const end = o.bytes > 0 ? Infinity : began + o.seconds * NSEC_PER_SEC;
	const data = new Uint8Array(o.udp ? o.length : CHUNK);
	for (let i = 0; i < data.length; i++) data[i] = (i * 37) & 255;
	const file = new page(data);
	let sent = 0;
	while (p.now() < end && (o.bytes === 0 || sent < o.bytes)) {
		const want = o.bytes > 0 ? Math.min(data.length, o.bytes - sent) : data.length;
		const n = o.zerocopy
			? s.sendfile(file, sent % data.length, Math.min(want, data.length - (sent % data.length)))
			: s.write(want === data.length ? data : data.subarray(0, want));
		if (n === -EAGAIN) {
			yield new wait([s.wq], end);
			continue;
		}
		if (n < 0) {
			if (o.udp) continue;
			p.eprint(`iperf3: error - unable to write to stream socket: ${strerror(n)}\n`);
			return 1;
		}
		sent += n;
		if (o.udp) yield* p.sleep(Math.round((n * 8 * NSEC_PER_SEC) / o.rate));
	}
	if (!o.udp) {
		s.shutdown(SHUT_WR);
		/* everything is there once the server closes */
		while ((yield* p.read(s, new Uint8Array(64))) > 0);
	}
	report(p, 'sender', sent, p.now() - began);
	return 0;
}

/** The program. */
export function* iperf3(p: process, argv: string[]): Task<number> {
	const g = getopt(argv.slice(1), 'sc:p:n:t:ub:14 6l:vhDZ'.replace(' ', ''), {
		server: false,
		client: true,
		port: true,
		bytes: true,
		time: true,
		udp: false,
		bitrate: true,
		cport: true,
		'one-off': false,
		length: true,
		zerocopy: false,
		'skip-rx-copy': false,
		version: false,
	});
	const o: run_options = {
		family: AF_UNSPEC,
		port: 5201,
		udp: false,
		once: false,
		bytes: 0,
		seconds: 10,
		rate: 1024 * 1024,
		cport: 0,
		length: 1448,
		zerocopy: false,
		skip_rx_copy: false,
	};
	let host: string | null = null;
	let serve = false;
	for (const { name, value } of g.options) {
		if (name === 's' || name === 'server') serve = true;
		else if (name === 'c' || name === 'client') host = value;
		else if (name === 'p' || name === 'port') o.port = Number(value);
		else if (name === 'n' || name === 'bytes') o.bytes = parse_amount(value);
		else if (name === 't' || name === 'time') o.seconds = Number(value);
		else if (name === 'u' || name === 'udp') o.udp = true;
		else if (name === 'b' || name === 'bitrate') o.rate = parse_amount(value);
		else if (name === 'cport') o.cport = Number(value);
		else if (name === '1' || name === 'one-off') o.once = true;
		else if (name === 'Z' || name === 'zerocopy') o.zerocopy = !o.udp;
		else if (name === 'skip-rx-copy') o.skip_rx_copy = true;
		else if (name === 'l' || name === 'length') o.length = parse_amount(value);
		else if (name === '4') o.family = AF_INET;
		else if (name === '6') o.family = AF_INET6;
		else if (name === 'v' || name === 'version') {
			p.print('iperf 3.12 (cJSON 1.7.15)\n');
			return 0;
		}
	}
	const [, letter, word] = /(?:option -- '(.)'|option '--([^'=]*))/.exec(g.error ?? '') ?? [];
	if (absent.has(letter ?? word)) {
		p.eprint(`simns: unsupported: ${argv.join(' ')}\n`);
		return 1;
	}
	if (g.error !== null || (!serve && host === null)) {
		p.eprint(
			`iperf3: parameter error - ${g.error ?? 'must either be a client (-c) or server (-s)'}\n\nUsage: iperf3 [-s|-c host] [options]\nTry \`iperf3 --help' for more information.\n`,
		);
		return 1;
	}
	return serve ? yield* server(p, o) : yield* client(p, o, host!);
}
