// SPDX-License-Identifier: GPL-2.0-only
/*
 * ping and ping6 of iputils 20221126: -4 -6 -c -D -f -i -I -m -M -n -O -q -Q -s -t -v -w -W -e -p.
 * Not here: record route and time stamp options, node information queries, flow labels, names.
 */
import {
	AF_INET,
	AF_INET6,
	AF_UNSPEC,
	msghdr,
	MSG_ERRQUEUE,
	SO_BINDTODEVICE,
	SO_BROADCAST,
	SO_MARK,
	SO_TIMESTAMP,
	SOCK_DGRAM,
	SOCK_RAW,
	type sockaddr,
	SOL_IP,
	SOL_IPV6,
	SOL_RAW,
	SOL_SOCKET,
} from '../../../../include/linux/socket.ts';
import { EACCES, EAGAIN, EMSGSIZE } from '../../../../include/uapi/linux/errno.ts';
import {
	SO_EE_ORIGIN_ICMP,
	SO_EE_ORIGIN_ICMP6,
	SO_EE_ORIGIN_LOCAL,
} from '../../../../include/uapi/linux/errqueue.ts';
import { IP_MTU_DISCOVER, IP_RECVERR, IP_TOS, IP_TTL } from '../../../../include/uapi/linux/in.ts';
import {
	IPV6_MTU_DISCOVER,
	IPV6_RECVERR,
	IPV6_RECVHOPLIMIT,
	IPV6_TCLASS,
	IPV6_UNICAST_HOPS,
} from '../../../../include/uapi/linux/in6.ts';
import { __dev_get_by_index, __dev_get_by_name } from '../../../../net/core/dev.ts';
import { ntop4_at, pton4, pton6 } from '../lib/address.ts';
import {
	NSEC_PER_MSEC,
	NSEC_PER_SEC,
	type process,
	SIGINT,
	type Task,
	wait,
} from '../lib/process.ts';
import { host_text, open_socket, resolve, type socket_file } from '../lib/sockets.ts';
import { strerror } from '../lib/strerror.ts';
import { getopt } from './getopt.ts';

const USAGE = `
Usage
  ping [options] <destination>

Options:
  <destination>      dns name or ip address
  -a                 use audible ping
  -A                 use adaptive ping
  -B                 sticky source address
  -c <count>         stop after <count> replies
  -C                 call connect() syscall on socket creation
  -D                 print timestamps
  -d                 use SO_DEBUG socket option
  -e <identifier>    define identifier for ping session, default is random for
                     SOCK_RAW and kernel defined for SOCK_DGRAM
                     Imply using SOCK_RAW (for IPv4 only for identifier 0)
  -f                 flood ping
  -h                 print help and exit
  -I <interface>     either interface name or address
  -i <interval>      seconds between sending each packet
  -L                 suppress loopback of multicast packets
  -l <preload>       send <preload> number of packages while waiting replies
  -m <mark>          tag the packets going out
  -M <pmtud opt>     define mtu discovery, can be one of <do|dont|want>
  -n                 no dns name resolution
  -O                 report outstanding replies
  -p <pattern>       contents of padding byte
  -q                 quiet output
  -Q <tclass>        use quality of service <tclass> bits
  -s <size>          use <size> as number of data bytes to be sent
  -S <size>          use <size> as SO_SNDBUF socket option value
  -t <ttl>           define time to live
  -U                 print user-to-user latency
  -v                 verbose output
  -V                 print version and exit
  -w <deadline>      reply wait <deadline> in seconds
  -W <timeout>       time to wait for response

IPv4 options:
  -4                 use IPv4
  -b                 allow pinging broadcast
  -R                 record route
  -T <timestamp>     define timestamp, can be one of <tsonly|tsandaddr|tsprespec>

IPv6 options:
  -6                 use IPv6
  -F <flowlabel>     define flow label, default is random
  -N <nodeinfo opt>  use icmp6 node info query, try <help> as argument

For more details see ping(8).
`;

/** A round of a flood of pings takes that long at least: a system call each way, on a real machine. */
const FLOOD_ROUND_NS = 20_000;
/** A flood waits that long for the answer to its last request. */
const FLOOD_UNANSWERED_NS = 10 * NSEC_PER_MSEC;

const ICMP_ECHOREPLY = 0;
const ICMP_ECHO = 8;
const ICMPV6_ECHO_REQUEST = 128;
const ICMPV6_ECHO_REPLY = 129;
/* all types pass but those that a kernel answers itself */
const ICMP_FILTER = 1;
const FILTER_V4 = ~(
	(1 << 4) |
	(1 << 3) |
	(1 << 11) |
	(1 << 12) |
	(1 << 5) |
	(1 << ICMP_ECHOREPLY)
) >>> 0;

/** A wrong command line. */
class usage_error extends Error {
	readonly code: number;

	constructor(text: string, code: number) {
		super(text);
		this.code = code;
	}
}

interface ping_options {
	family: number;
	count: number;
	/** ns */
	interval: number;
	/** ns to wait for the last answers. */
	linger: number;
	/** Seconds, 0 for none. */
	deadline: number;
	size: number;
	quiet: boolean;
	flood: boolean;
	timestamps: boolean;
	outstanding: boolean;
	broadcast: boolean;
	/** -1: the kernel's. */
	pmtudisc: number;
	tos: number;
	mark: number;
	ttl: number;
	source: string | null;
	ident: number;
	pattern: Uint8Array | null;
	verbose: boolean;
}

function parse_int(s: string, min: number, max: number): number {
	if (!/^-?(0x[0-9a-fA-F]+|\d+)$/.test(s)) throw new usage_error(`invalid argument: '${s}'`, 1);
	const n = Number(s);
	if (n < min || n > max)
		throw new usage_error(
			`invalid argument: '${s}': out of range: ${min} <= value <= ${max === Number.MAX_SAFE_INTEGER ? '9223372036854775807' : max}`,
			1,
		);
	return n;
}

function parse_seconds(s: string): number {
	if (!/^\d*\.?\d+$|^\d+\.$/.test(s)) throw new usage_error(`bad timing interval: ${s}`, 2);
	return Math.round(Number(s) * NSEC_PER_SEC);
}

function parse_args(argv: readonly string[]): { o: ping_options; operands: string[] } {
	const g = getopt(argv, 'h?4bRT:6F:N:aABc:CdDe:fi:I:l:Lm:M:nOp:qQ:rs:S:t:UvVw:W:');
	if (g.error !== null) throw new usage_error(`${g.error}\n${USAGE}`, 2);
	const o: ping_options = {
		family: AF_UNSPEC,
		count: 0,
		interval: NSEC_PER_SEC,
		linger: 10 * NSEC_PER_SEC,
		deadline: 0,
		size: 56,
		quiet: false,
		flood: false,
		timestamps: false,
		outstanding: false,
		broadcast: false,
		pmtudisc: -1,
		tos: -1,
		mark: -1,
		ttl: 0,
		source: null,
		ident: -1,
		pattern: null,
		verbose: false,
	};
	let interval_given = false;
	for (const { name, value } of g.options) {
		switch (name) {
			case '4':
				o.family = AF_INET;
				break;
			case '6':
				o.family = AF_INET6;
				break;
			case 'b':
				o.broadcast = true;
				break;
			case 'c':
				o.count = parse_int(value, 1, Number.MAX_SAFE_INTEGER);
				break;
			case 'D':
				o.timestamps = true;
				break;
			case 'e':
				o.ident = parse_int(value, 0, 65535);
				break;
			case 'f':
				o.flood = true;
				break;
			case 'i':
				o.interval = parse_seconds(value);
				interval_given = true;
				break;
			case 'I':
				o.source = value;
				break;
			case 'm':
				o.mark = parse_int(value, 0, 0xffffffff);
				break;
			case 'M': {
				const mode = new Map([
					['do', 2],
					['dont', 0],
					['want', 1],
				]).get(value);
				if (mode === undefined) throw new usage_error(`invalid -M argument: ${value}`, 2);
				o.pmtudisc = mode;
				break;
			}
			case 'O':
				o.outstanding = true;
				break;
			case 'p':
				if (!/^[0-9a-fA-F]+$/.test(value))
					throw new usage_error(`patterns must be specified as hex digits: ${value}`, 2);
				o.pattern = Uint8Array.from(
					(value.match(/.{1,2}/g) ?? []).slice(0, 16),
					(x) => parseInt(x, 16),
				);
				break;
			case 'q':
				o.quiet = true;
				break;
			case 'Q':
				o.tos = parse_int(value, 0, 255);
				break;
			case 's':
				o.size = parse_int(value, 0, 0x7fffffff - 8);
				break;
			case 't':
				o.ttl = parse_int(value, 0, 255);
				break;
			case 'v':
				o.verbose = true;
				break;
			case 'V':
				throw new usage_error('', 0);
			case 'w':
				o.deadline = Number(value);
				if (!/^\d+(\.\d+)?$/.test(value) || o.deadline <= 0)
					throw new usage_error(`bad timing interval: ${value}`, 2);
				break;
			case 'W':
				o.linger = parse_seconds(value);
				break;
			case 'n':
			case 'B':
			case 'd':
			case 'L':
			case 'U':
			case 'a':
			case 'A':
			case 'r':
			case 'S':
			case 'l':
			case 'C':
				break;
			case 'h':
			case '?':
				throw new usage_error(USAGE, 2);
			default:
				throw new usage_error(`simns: unsupported: ping ${argv.join(' ')}`, 2);
		}
	}
	if (o.flood && !interval_given) o.interval = 0;
	return { o, operands: g.operands };
}

const unreach4 = [
	'Destination Net Unreachable',
	'Destination Host Unreachable',
	'Destination Protocol Unreachable',
	'Destination Port Unreachable',
	'',
	'Source Route Failed',
	'Destination Net Unknown',
	'Destination Host Unknown',
	'Source Host Isolated',
	'Destination Net Prohibited',
	'Destination Host Prohibited',
	'Destination Net Unreachable for Type of Service',
	'Destination Host Unreachable for Type of Service',
	'Packet filtered',
	'Precedence Violation',
	'Precedence Cutoff',
];

/** Text of an ICMP error, see pr_icmph() of iputils. */
function icmp_text(type: number, code: number, info: number): string {
	switch (type) {
		case 3:
			if (code === 4) return `Frag needed and DF set (mtu = ${info})`;
			return unreach4[code] ?? `Dest Unreachable, Bad Code: ${code}`;
		case 4:
			return 'Source Quench';
		case 5:
			return `Redirect ${['Network', 'Host', 'Type of Service and Network', 'Type of Service and Host'][code] ?? `, Bad Code: ${code}`}`;
		case 11:
			if (code === 0) return 'Time to live exceeded';
			if (code === 1) return 'Frag reassembly time exceeded';
			return `Time exceeded, Bad Code: ${code}`;
		case 12:
			return `Parameter problem: pointer = ${info}`;
		default:
			return `Bad ICMP type: ${type}`;
	}
}

/** Text of an ICMPv6 error. */
function icmp6_text(type: number, code: number, info: number): string {
	switch (type) {
		case 1: {
			const why = [
				'No route',
				'Administratively prohibited',
				'Beyond scope of source address',
				'Address unreachable',
				'Port unreachable',
			][code];
			return `Destination unreachable: ${why ?? `Unknown code ${code}`}`;
		}
		case 2:
			return `Packet too big: mtu=${info}`;
		case 3:
			return `Time exceeded: ${['Hop limit', 'Defragmentation failure'][code] ?? `code ${code}`}`;
		case 4:
			return `Parameter problem: ${['Wrong header field ', 'Unknown header ', 'Unknown option '][code] ?? `code ${code} `}at ${info}`;
		default:
			return `unknown icmp type: ${type}`;
	}
}

/** A span of µs as the tool prints it, in ms. */
function time_text(us: number): string {
	if (us >= 100000 - 50) return `${Math.floor((us + 500) / 1000)}`;
	if (us >= 10000 - 5) return ((us + 50) / 1000 - 0.0499999).toFixed(1);
	if (us >= 1000) return (Math.floor((us + 5) / 10) / 100).toFixed(2);
	return (us / 1000).toFixed(3);
}

class pinger {
	readonly p: process;
	readonly o: ping_options;
	readonly v6: boolean;
	readonly to: sockaddr;
	readonly host: string;
	readonly s: socket_file;
	readonly ident: number;
	transmitted = 0;
	received = 0;
	duplicates = 0;
	corrupted = 0;
	errors = 0;
	readonly seen = new Set<number>();
	/** The latest that was answered. */
	acked = 0;
	tmin = Infinity;
	tmax = 0;
	tsum = 0;
	tsum2 = 0;
	start = 0;
	last_sent = 0;
	exiting = false;

	constructor(p: process, o: ping_options, v6: boolean, to: sockaddr, host: string, s: socket_file) {
		this.p = p;
		this.o = o;
		this.v6 = v6;
		this.to = to;
		this.host = host;
		this.s = s;
		this.ident = o.ident >= 0 ? o.ident : p.world.random_u32() & 0xffff;
	}

	/** Is there room for a time stamp in the data? */
	get timing(): boolean {
		return this.o.size >= 16;
	}

	#stamp(): string {
		if (!this.o.timestamps) return '';
		const us = Math.floor(this.p.world.realtime_ns() / 1000);
		return `[${Math.floor(us / 1e6)}.${String(us % 1e6).padStart(6, '0')}] `;
	}

	/** Sends one request: 0 when it went, else what receive_errors() said or -errno. */
	#send(): number {
		const b = new Uint8Array(8 + this.o.size);
		b[0] = this.v6 ? ICMPV6_ECHO_REQUEST : ICMP_ECHO;
		b[4] = this.ident >>> 8;
		b[5] = this.ident & 255;
		const seq = (this.transmitted + 1) & 0xffff;
		b[6] = seq >>> 8;
		b[7] = seq & 255;
		/* numbers come again after 65536 requests */
		this.seen.delete(seq);
		for (let i = 8; i < b.length; i++)
			b[i] = this.o.pattern !== null ? this.o.pattern[(i - 8) % this.o.pattern.length] : i & 255;
		if (this.timing) {
			/* struct timeval, little endian */
			const us = Math.floor(this.p.world.realtime_ns() / 1000);
			const v = new DataView(b.buffer);
			const sec = Math.floor(us / 1e6);
			v.setUint32(8, sec >>> 0, true);
			v.setUint32(12, Math.floor(sec / 2 ** 32), true);
			v.setUint32(16, us % 1e6, true);
			v.setUint32(20, 0, true);
		}
		if (!this.v6) {
			let sum = 0;
			for (let i = 0; i < b.length; i += 2) sum += (b[i] << 8) | (b[i + 1] ?? 0);
			while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 65536);
			sum = ~sum & 0xffff;
			b[2] = sum >>> 8;
			b[3] = sum & 255;
		}
		return this.s.send(b, this.to);
	}

	/** The last request has no answer yet. */
	in_flight(): boolean {
		return ((this.transmitted - this.acked) & 0xffff) !== 0;
	}

	/** One turn of sending; ns until the next. */
	send_one(): number {
		if (this.exiting) return NSEC_PER_SEC;
		if (this.o.count > 0 && this.transmitted >= this.o.count && this.o.deadline === 0)
			return NSEC_PER_SEC;
		if (this.o.outstanding && this.transmitted > 0 && !this.seen.has(this.transmitted & 0xffff))
			this.p.print(`${this.#stamp()}no answer yet for icmp_seq=${this.transmitted & 0xffff}\n`);
		this.last_sent = this.p.now();
		const n = this.#send();
		if (this.transmitted === 0) this.start = this.last_sent;
		this.transmitted++;
		if (n >= 0) {
			if (this.o.flood && !this.o.quiet) this.p.print('.');
			return this.o.interval;
		}
		/* what the queue of errors does not explain is not printed: finding it empty counts as an error */
		this.receive_errors();
		return this.o.interval;
	}

	/** Takes errors off the error queue; answers how many there were, local ones counted as well. */
	receive_errors(): number {
		let n = 0;
		for (;;) {
			const msg = new msghdr(new Uint8Array(512));
			const len = this.s.recv(msg, MSG_ERRQUEUE);
			if (len < 0) return n;
			const e = msg.recverr;
			if (e === null) return n;
			const { ee } = e;
			if (ee.ee_origin === SO_EE_ORIGIN_LOCAL) {
				n++;
				this.errors++;
				if (this.o.quiet) continue;
				this.p.eprint(
					ee.ee_errno === EMSGSIZE
						? `${this.p.argv[0]}: local error: message too long, mtu=${ee.ee_info}\n`
						: `${this.p.argv[0]}: local error: ${strerror(ee.ee_errno)}\n`,
				);
			} else if (ee.ee_origin === SO_EE_ORIGIN_ICMP || ee.ee_origin === SO_EE_ORIGIN_ICMP6) {
				const b = msg.data;
				const ours =
					len >= 8 &&
					b[0] === (this.v6 ? ICMPV6_ECHO_REQUEST : ICMP_ECHO) &&
					((b[4] << 8) | b[5]) === this.ident;
				if (!ours) continue;
				const seq = (b[6] << 8) | b[7];
				n++;
				this.errors++;
				this.seen.add(seq);
				if (this.o.quiet) continue;
				const from = e.offender === null ? '' : host_text(e.offender);
				const text = this.v6
					? icmp6_text(ee.ee_type, ee.ee_code, ee.ee_info)
					: icmp_text(ee.ee_type, ee.ee_code, ee.ee_info);
				this.p.print(`${this.#stamp()}From ${from} icmp_seq=${seq} ${text}\n`);
			}
		}
	}

	/** Takes answers off the socket. */
	receive(): void {
		for (;;) {
			const msg = new msghdr(new Uint8Array(this.o.size + 256));
			const len = this.s.recv(msg);
			if (len === -EAGAIN) return;
			if (len < 0) {
				if (this.receive_errors() === 0 && this.s.error() === 0) return;
				continue;
			}
			this.#reply(msg, len);
		}
	}

	#reply(msg: msghdr, len: number): void {
		const b = msg.data;
		let off = 0;
		let ttl = msg.hoplimit ?? -1;
		if (!this.v6) {
			off = (b[0] & 15) * 4;
			ttl = b[8]!;
		}
		if (len < off + 8) return;
		const type = b[off];
		if (type !== (this.v6 ? ICMPV6_ECHO_REPLY : ICMP_ECHOREPLY)) return;
		if (((b[off + 4] << 8) | b[off + 5]) !== this.ident) return;
		const seq = (b[off + 6] << 8) | b[off + 7];
		const bytes = len - off;
		let us = -1;
		if (this.timing && bytes >= 24) {
			const v = new DataView(b.buffer, b.byteOffset + off);
			const sent = v.getUint32(8, true) * 1e6 + v.getUint32(12, true) * 2 ** 32 * 1e6 + v.getUint32(16, true);
			const now = Math.floor((msg.timestamp ?? this.p.world.realtime_ns()) / 1000);
			us = Math.max(0, now - sent);
		}
		if (((seq - this.acked) & 0xffff) < 0x8000) this.acked = seq;
		const dup = this.seen.has(seq);
		if (dup) this.duplicates++;
		else {
			this.seen.add(seq);
			this.received++;
			if (us >= 0) {
				this.tmin = Math.min(this.tmin, us);
				this.tmax = Math.max(this.tmax, us);
				this.tsum += us;
				this.tsum2 += us * us;
			}
		}
		if (this.o.quiet) return;
		if (this.o.flood) {
			this.p.print('\b \b');
			return;
		}
		let from = this.v6 && msg.name !== null ? host_text(msg.name) : ntop4_at(b, 12);
		if (this.v6 && msg.name?.family === AF_INET6) {
			const { addr, scope_id } = msg.name;
			if (addr[0] === 0xfe && (addr[1] & 0xc0) === 0x80 && scope_id !== undefined && scope_id !== 0)
				from += `%${__dev_get_by_index(this.p.netns, scope_id)?.name ?? scope_id}`;
		}
		let text = `${this.#stamp()}${bytes} bytes from ${from}: icmp_seq=${seq}`;
		if (ttl >= 0) text += ` ttl=${ttl}`;
		if (us >= 0) text += ` time=${time_text(us)} ms`;
		if (dup) text += ' (DUP!)';
		this.p.print(`${text}\n`);
	}

	/** The closing statistics. */
	finish(): number {
		let text = `\n--- ${this.host} ping statistics ---\n${this.transmitted} packets transmitted, ${this.received} received`;
		if (this.duplicates > 0) text += `, +${this.duplicates} duplicates`;
		if (this.corrupted > 0) text += `, +${this.corrupted} corrupted`;
		if (this.errors > 0) text += `, +${this.errors} errors`;
		if (this.transmitted > 0) {
			const loss = ((this.transmitted - this.received) * 100) / this.transmitted;
			text += `, ${Number(loss.toPrecision(4))}% packet loss`;
			text += `, time ${Math.floor((this.last_sent - this.start) / NSEC_PER_MSEC)}ms`;
		}
		text += '\n';
		if (this.received > 0 && this.timing) {
			const total = this.received;
			const avg = this.tsum / total;
			const dev = Math.sqrt(Math.max(0, this.tsum2 / total - avg * avg));
			const ms = (us: number): string => (Math.floor(us) / 1000).toFixed(3);
			text += `rtt min/avg/max/mdev = ${ms(this.tmin)}/${ms(avg)}/${ms(this.tmax)}/${ms(dev)} ms`;
		}
		this.p.print(`${text}\n`);
		const failed =
			this.received === 0 ||
			(this.o.deadline > 0 && this.o.count > 0 && this.received < this.o.count);
		return failed ? 1 : 0;
	}

	*run(): Task<number> {
		const { p, o } = this;
		const began = p.now();
		const end = o.deadline > 0 ? began + o.deadline * NSEC_PER_SEC : Infinity;
		let exit_at = end;
		p.handlers.set(SIGINT, () => {
			this.exiting = true;
		});
		let next = began;
		for (;;) {
			this.receive();
			if (this.exiting || p.now() >= exit_at) break;
			if (o.count > 0 && this.received + this.errors >= o.count) break;
			if (o.deadline > 0 && this.errors > 0) break;
			const unlimited = o.flood && o.interval === 0;
			if (p.now() >= next || (unlimited && next !== Infinity && !this.in_flight())) {
				next = p.now() + this.send_one();
				if (unlimited) next = p.now() + FLOOD_UNANSWERED_NS;
				if (o.count > 0 && this.transmitted >= o.count && o.deadline === 0) {
					const linger = this.received > 0 ? Math.max(2000 * this.tmax, o.interval) : o.linger;
					exit_at = p.now() + linger;
					next = Infinity;
				}
				/* as fast as answers come, but not in no time, and not so that nobody else runs */
				if (unlimited) yield new wait([], p.now() + FLOOD_ROUND_NS);
				continue;
			}
			yield new wait([this.s.wq], Math.min(next, exit_at));
		}
		return this.finish();
	}
}

function is_device(p: process, name: string): boolean {
	return pton4(name) === null && pton6(name) === null && name !== '' && p !== null;
}

function* run(p: process, argv: string[]): Task<number> {
	const { o, operands } = parse_args(argv.slice(1));
	if (argv[0].endsWith('ping6') && o.family === AF_UNSPEC) o.family = AF_INET6;
	if (operands.length === 0) throw new usage_error('usage error: Destination address required', 1);
	const host = operands.at(-1)!;
	const to = resolve(p, host, 0, o.family);
	if (typeof to === 'string') throw new usage_error(`${host}: ${to}`, 2);
	const v6 = to.family === AF_INET6;
	const level = v6 ? SOL_IPV6 : SOL_IP;

	/* what the kernel would take as source, and whether it knows a way at all */
	let device: string | null = null;
	let source: sockaddr | null = null;
	if (o.source !== null) {
		if (is_device(p, o.source)) device = o.source;
		else {
			const s = resolve(p, o.source, 0, to.family);
			if (typeof s === 'string') throw new usage_error(`unknown iface: ${o.source}`, 2);
			source = s;
		}
	}
	const probe = open_socket(p, to.family, SOCK_DGRAM);
	if (typeof probe === 'number') throw new usage_error(`socket: ${strerror(probe)}`, 2);
	if (device !== null) {
		const err = probe.set(SOL_SOCKET, SO_BINDTODEVICE, device);
		if (err < 0) throw new usage_error(`SO_BINDTODEVICE ${device}: ${strerror(err)}`, 2);
	}
	if (source === null && (to.family === AF_INET || to.family === AF_INET6)) {
		if (o.mark >= 0) probe.set(SOL_SOCKET, SO_MARK, o.mark);
		const there: sockaddr = { ...to, port: 1025 };
		let err = probe.start_connect(there);
		if (err === -EACCES && o.broadcast) {
			probe.set(SOL_SOCKET, SO_BROADCAST, 1);
			err = probe.start_connect(there);
		}
		if (err === -EACCES)
			throw new usage_error(
				'Do you want to ping broadcast? Then -b. If not, check your local firewall rules',
				2,
			);
		if (err < 0) throw new usage_error(`connect: ${strerror(err)}`, 2);
	}
	const own = source ?? probe.name_of();
	p.drop(probe);

	const s = open_socket(p, to.family, SOCK_RAW, v6 ? 58 : 1);
	if (typeof s === 'number') throw new usage_error(`socket: ${strerror(s)}`, 2);
	if (device !== null) s.set(SOL_SOCKET, SO_BINDTODEVICE, device);
	if (source !== null) {
		const err = s.bind(source);
		if (err < 0) throw new usage_error(`bind: ${strerror(err)}`, 2);
	}
	s.set(level, v6 ? IPV6_RECVERR : IP_RECVERR, 1);
	s.set(SOL_SOCKET, SO_TIMESTAMP, 1);
	if (v6) s.set(SOL_IPV6, IPV6_RECVHOPLIMIT, 1);
	else {
		s.set(SOL_RAW, ICMP_FILTER, FILTER_V4);
		if (o.broadcast) s.set(SOL_SOCKET, SO_BROADCAST, 1);
	}
	if (o.pmtudisc >= 0) s.set(level, v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, o.pmtudisc);
	if (o.tos >= 0) s.set(level, v6 ? IPV6_TCLASS : IP_TOS, o.tos);
	if (o.mark >= 0) s.set(SOL_SOCKET, SO_MARK, o.mark);
	if (o.ttl > 0) s.set(level, v6 ? IPV6_UNICAST_HOPS : IP_TTL, o.ttl);

	const from = o.source === null ? '' : v6 ? ` from ${host_text(own)} ${device ?? ''}:` : ` from ${host_text(own)} ${device ?? ''}:`;
	if (v6) p.print(`PING ${host}(${host_text6(host, to)})${from} ${o.size} data bytes\n`);
	else p.print(`PING ${host} (${host_text(to)})${from} ${o.size}(${o.size + 28}) bytes of data.\n`);
	return yield* new pinger(p, o, v6, to, host, s).run();
}

function host_text6(host: string, to: sockaddr): string {
	const zone = host.indexOf('%');
	return zone < 0 ? host_text(to) : `${host_text(to)}${host.slice(zone)}`;
}

/** The program. */
export function* ping(p: process, argv: string[]): Task<number> {
	try {
		return yield* run(p, argv);
	} catch (e) {
		if (!(e instanceof usage_error)) throw e;
		if (e.code === 0) {
			p.print(
				'ping from iputils 20221126\nlibcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes\n',
			);
			return 0;
		}
		p.eprint(e.message.startsWith('\n') ? e.message : e.message.startsWith('simns') ? `${e.message}\n` : `${argv[0]}: ${e.message}${e.message.endsWith('\n') ? '' : '\n'}`);
		return e.code;
	}
}

