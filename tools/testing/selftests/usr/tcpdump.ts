// SPDX-License-Identifier: GPL-2.0-only
/*
 * tcpdump 4.99 over a packet socket or a file: -c -e -i -l -n -p -Q -q -r -s -S -t -U -v -w -x -X -Z.
 * `-i any` captures on all devices. A tag beside a packet is put back into its bytes, as libpcap does.
 */
import {
	AF_PACKET,
	msghdr,
	SO_RCVBUFFORCE,
	SOCK_RAW,
	SOL_PACKET,
	SOL_SOCKET,
} from '../../../../include/linux/socket.ts';
import { EAGAIN, ENETDOWN } from '../../../../include/uapi/linux/errno.ts';
import { ETH_P_ALL } from '../../../../include/uapi/linux/if_ether.ts';
import {
	PACKET_ADD_MEMBERSHIP,
	PACKET_AUXDATA,
	PACKET_MR_PROMISC,
	TP_STATUS_VLAN_VALID,
} from '../../../../include/uapi/linux/if_packet.ts';
import { PACKET_OUTGOING } from '../../../../include/linux/skbuff.ts';
import { __dev_get_by_name } from '../../../../net/core/dev.ts';
import { ARPHRD_ETHER, ARPHRD_LOOPBACK } from '../../../../include/uapi/linux/if.ts';
import { type frame, LINKTYPE_EN10MB, pcap_header, pcap_read, pcap_record } from '../lib/pcap.ts';
import { type process, SIGINT, SIGTERM, type Task, wait } from '../lib/process.ts';
import { open_socket } from '../lib/sockets.ts';
import { strerror } from '../lib/strerror.ts';
import { getopt } from './getopt.ts';
import { compile_filter, filter_error, type filter_frame } from './tcpdump/filter.ts';
import { printer } from './tcpdump/print.ts';

const VERSION =
	'tcpdump version 4.99.3\nlibpcap version 1.10.3 (with TPACKET_V3)\nOpenSSL 3.0.19 27 Jan 2026\n';
const USAGE = `${VERSION}Usage: tcpdump [-AbdDefhHIJKlLnNOpqStuUvxX#] [ -B size ] [ -c count ] [--count]
		[ -C file_size ] [ -E algo:secret ] [ -F file ] [ -G seconds ]
		[ -i interface ] [ --immediate-mode ] [ -j tstamptype ]
		[ -M secret ] [ --number ] [ --print ] [ -Q in|out|inout ]
		[ -r file ] [ -s snaplen ] [ -T type ] [ --version ]
		[ -V file ] [ -w file ] [ -W filecount ] [ -y datalinktype ]
		[ --time-stamp-precision precision ] [ --micro ] [ --nano ]
		[ -z postrotate-command ] [ -Z user ] [ expression ]
`;
const MAX_SNAPLEN = 262144;

interface dump_options {
	count: number;
	device: string;
	read: string | null;
	write: string | null;
	print: boolean;
	snaplen: number;
	times: number;
	quiet: boolean;
	hex: number;
	ascii: boolean;
	number: boolean;
	nano: boolean;
	promisc: boolean;
	direction: 'in' | 'out' | 'inout';
	link: boolean;
	verbose: number;
	absolute_seq: boolean;
	no_names: number;
}

/** Time of a frame as -t options ask for it; UTC. */
function time_text(o: dump_options, ns: number, previous: number, first: number): string {
	const us = (t: number): number => Math.floor(t / 1000);
	const pad = (n: number, w: number): string => String(n).padStart(w, '0');
	const fraction = (t: number): string =>
		o.nano ? pad(Math.floor(t % 1e9), 9) : pad(us(t) % 1e6, 6);
	const clock = (t: number): string => {
		const s = Math.floor(t / 1e9) % 86400;
		return `${pad(Math.floor(s / 3600), 2)}:${pad(Math.floor(s / 60) % 60, 2)}:${pad(s % 60, 2)}.${fraction(t)}`;
	};
	switch (o.times) {
		case 1:
			return '';
		case 2:
			return `${Math.floor(ns / 1e9)}.${fraction(ns)} `;
		case 3:
		case 5: {
			const from = o.times === 3 ? previous : first;
			return ` ${clock(Math.max(0, ns - from))} `;
		}
		case 4:
			return `${new Date(Math.floor(ns / 1e6)).toISOString().slice(0, 10)} ${clock(ns)} `;
		default:
			return `${clock(ns)} `;
	}
}

/** Hex dump behind a printed frame, -x and -X. */
function hex_dump(b: Uint8Array, ascii: boolean): string {
	let text = '';
	for (let i = 0; i < b.length; i += 16) {
		let left = '';
		let right = '';
		for (let j = i; j < Math.min(b.length, i + 16); j++) {
			left += `${j % 2 === 0 ? ' ' : ''}${b[j].toString(16).padStart(2, '0')}`;
			right += b[j] > 32 && b[j] < 127 ? String.fromCharCode(b[j]) : '.';
		}
		text += `\n\t0x${i.toString(16).padStart(4, '0')}: ${ascii ? `${left.padEnd(41)}  ${right}` : left}`;
	}
	return text;
}

class dumper {
	readonly p: process;
	readonly o: dump_options;
	readonly #printer: printer;
	readonly #filter: (f: filter_frame) => boolean;
	#previous = 0;
	#first = 0;
	captured = 0;
	filtered = 0;

	constructor(p: process, o: dump_options, expression: string) {
		this.p = p;
		this.o = o;
		this.#filter = compile_filter(expression);
		this.#printer = new printer({
			link: o.link,
			verbose: o.verbose,
			absolute_seq: o.absolute_seq,
			quiet: o.quiet,
			no_names: o.no_names,
		});
	}

	/** Does the filter let a frame through? */
	wants(f: filter_frame): boolean {
		return this.#filter(f);
	}

	/** Prints a frame. */
	show(f: frame, prefix = ''): void {
		if (this.captured === 0) this.#first = f.time_ns;
		if (this.captured === 0) this.#previous = f.time_ns;
		const data = f.data.length > this.o.snaplen ? f.data.subarray(0, this.o.snaplen) : f.data;
		let text = `${this.o.number ? `${String(this.captured + 1).padStart(5)}  ` : ''}${time_text(this.o, f.time_ns, this.#previous, this.#first)}`;
		text += prefix + this.#printer.frame(data, f.len);
		if (this.o.hex > 0)
			text += hex_dump(this.o.hex > 1 ? data : data.subarray(14), this.o.ascii);
		this.#previous = f.time_ns;
		this.p.print(`${text}\n`);
	}
}

/** Puts a tag into the bytes behind the addresses. */
function insert_tag(b: Uint8Array, tpid: number, tci: number): Uint8Array {
	const out = new Uint8Array(b.length + 4);
	out.set(b.subarray(0, 12));
	out[12] = tpid >>> 8;
	out[13] = tpid & 255;
	out[14] = tci >>> 8;
	out[15] = tci & 255;
	out.set(b.subarray(12), 16);
	return out;
}

function* from_file(d: dumper, path: string): Task<number> {
	const { p, o } = d;
	const f = path === '-' ? p.stdin : p.world.open(p, path, 'r');
	if (typeof f === 'number') {
		p.eprint(`tcpdump: ${path}: ${strerror(f)}\n`);
		return 1;
	}
	const bytes = yield* p.read_all(f);
	const c = pcap_read(bytes);
	if (c === null) {
		p.eprint(
			bytes.length < 24
				? `tcpdump: truncated dump file; tried to read 4 file header bytes, only got ${Math.min(4, bytes.length)}\n`
				: 'tcpdump: unknown file format\n',
		);
		return 1;
	}
	p.eprint(
		`reading from file ${path}, link-type EN10MB (Ethernet), snapshot length ${c.snaplen}\n`,
	);
	const out = o.write === null ? null : open_out(p, o.write);
	if (typeof out === 'number') return 1;
	if (out !== null) yield* p.write_all(out, pcap_header(c.linktype, c.snaplen, o.nano));
	for (const fr of c.frames) {
		if (!d.wants({ data: fr.data, len: fr.len, vlan_tci: -1 })) continue;
		if (out !== null) yield* p.write_all(out, pcap_record(fr, o.snaplen, o.nano));
		if (out === null || o.print) d.show(fr);
		d.captured++;
		if (o.count > 0 && d.captured >= o.count) break;
	}
	return 0;
}

function open_out(p: process, path: string): import('../lib/file.ts').file | number {
	if (path === '-') return p.stdout;
	const f = p.world.open(p, path, 'w');
	if (typeof f === 'number') {
		p.eprint(`tcpdump: ${path}: ${strerror(f)}\n`);
		return f;
	}
	return p.hold(f);
}

function plural(n: number): string {
	return n === 1 ? '' : 's';
}

function* live(d: dumper): Task<number> {
	const { p, o } = d;
	const any = o.device === 'any';
	const dev = any ? null : __dev_get_by_name(p.netns, o.device);
	if (!any && dev === null) {
		p.eprint(`tcpdump: ${o.device}: No such device exists\n(No such device exists)\n`);
		return 1;
	}
	if (dev !== null && dev.type !== ARPHRD_ETHER && dev.type !== ARPHRD_LOOPBACK) {
		p.eprint(`simns: unsupported: tcpdump on link type ${dev.type}\n`);
		return 1;
	}
	const s = open_socket(p, AF_PACKET, SOCK_RAW, 0);
	if (typeof s === 'number') {
		p.eprint(`tcpdump: ${o.device}: ${strerror(s)}\n`);
		return 1;
	}
	s.set(SOL_SOCKET, SO_RCVBUFFORCE, 64 * 1024 * 1024);
	s.set(SOL_PACKET, PACKET_AUXDATA, 1);
	const err = s.bind({
		family: AF_PACKET,
		protocol: ETH_P_ALL,
		ifindex: dev === null ? 0 : dev.ifindex,
		hatype: 0,
		pkttype: 0,
		addr: new Uint8Array(0),
	});
	if (err < 0) {
		p.eprint(`tcpdump: ${o.device}: ${strerror(err)}\n`);
		return 1;
	}
	const down = s.error();
	if (down !== 0) {
		p.eprint(`tcpdump: ${o.device}: That device is not up\n`);
		return 1;
	}
	if (dev !== null && o.promisc)
		s.set(SOL_PACKET, PACKET_ADD_MEMBERSHIP, {
			mr_ifindex: dev.ifindex,
			mr_type: PACKET_MR_PROMISC,
			mr_address: new Uint8Array(0),
		});
	const out = o.write === null ? null : open_out(p, o.write);
	if (typeof out === 'number') return 1;
	const link = any ? 'LINUX_SLL2 (Linux cooked v2)' : 'EN10MB (Ethernet)';
	if (any) p.eprint('tcpdump: data link type LINUX_SLL2\n');
	if (out === null && o.verbose === 0)
		p.eprint(
			`tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\nlistening on ${o.device}, link-type ${link}, snapshot length ${o.snaplen} bytes\n`,
		);
	else
		p.eprint(
			`tcpdump: listening on ${o.device}, link-type ${link}, snapshot length ${o.snaplen} bytes\n`,
		);
	if (out !== null) yield* p.write_all(out, pcap_header(LINKTYPE_EN10MB, o.snaplen, o.nano));

	let stop = false;
	const on_signal = (): void => {
		stop = true;
	};
	p.handlers.set(SIGINT, on_signal);
	p.handlers.set(SIGTERM, on_signal);
	const buf = new Uint8Array(MAX_SNAPLEN);
	while (!(o.count > 0 && d.captured >= o.count)) {
		const msg = new msghdr(buf);
		const n = s.recv(msg);
		if (n === -EAGAIN) {
			if (stop) break;
			yield new wait([s.wq], Infinity);
			continue;
		}
		/* an interface that was set down may come up again */
		if (n === -ENETDOWN && dev !== null && p.netns.dev_index_head.get(dev.ifindex) === dev)
			continue;
		if (n < 0) {
			p.eprint(`tcpdump: pcap_loop: The interface disappeared\n`);
			break;
		}
		const from = msg.name;
		if (from?.family !== AF_PACKET) continue;
		const outgoing = from.pkttype === PACKET_OUTGOING;
		/* the loopback device shows everything twice: its own transmissions are left out */
		if (dev?.type === ARPHRD_LOOPBACK && outgoing) continue;
		if (o.direction !== 'inout' && (o.direction === 'out') !== outgoing) continue;
		const aux = msg.auxdata;
		const tagged = aux !== null && (aux.tp_status & TP_STATUS_VLAN_VALID) !== 0;
		let data: Uint8Array = buf.slice(0, n);
		if (!d.wants({ data, len: n, vlan_tci: tagged ? aux.tp_vlan_tci : -1 })) continue;
		d.filtered++;
		if (tagged) data = insert_tag(data, aux.tp_vlan_tpid, aux.tp_vlan_tci);
		const fr: frame = {
			time_ns: msg.timestamp ?? p.world.realtime_ns(),
			data,
			len: data.length,
		};
		if (out !== null) yield* p.write_all(out, pcap_record(fr, o.snaplen, o.nano));
		if (out === null || o.print) {
			let prefix = '';
			if (any) {
				const name = p.netns.dev_index_head.get(from.ifindex)?.name ?? String(from.ifindex);
				const kinds = ['In ', 'B  ', 'M  ', 'P  ', 'Out'];
				prefix = `${name.padEnd(5)} ${kinds[from.pkttype] ?? '?  '} `;
			}
			d.show(fr, prefix);
		}
		d.captured++;
	}
	p.eprint(
		`${out === null ? '\n' : ''}${d.captured} packet${plural(d.captured)} captured\n${d.filtered} packet${plural(d.filtered)} received by filter\n0 packets dropped by kernel\n`,
	);
	return 0;
}

/** The program. */
export function* tcpdump(p: process, argv: string[]): Task<number> {
	const g = getopt(argv.slice(1), 'aAb#B:c:C:d:DeE:fF:G:hHi:Ij:JKlLm:M:nNOpqQ:r:s:StT:uUvV:w:W:xXy:Yz:Z:', {
		'immediate-mode': false,
		version: false,
		help: false,
		number: false,
		print: false,
		count: false,
		micro: false,
		nano: false,
		'time-stamp-precision': true,
		direction: true,
		interface: true,
		'list-interfaces': false,
		'no-promiscuous-mode': false,
		'snapshot-length': true,
		'packet-buffered': false,
		'absolute-tcp-sequence-numbers': false,
		'relinquish-privileges': true,
		'buffer-size': true,
	}, true);
	if (g.error !== null || g.options.some((x) => x.name === 'Y')) {
		p.eprint(g.error !== null ? `tcpdump: ${g.error}\n${USAGE}` : USAGE);
		return 1;
	}
	const o: dump_options = {
		count: 0,
		device: '',
		read: null,
		write: null,
		print: false,
		snaplen: MAX_SNAPLEN,
		times: 0,
		quiet: false,
		hex: 0,
		ascii: false,
		number: false,
		nano: false,
		promisc: true,
		direction: 'inout',
		link: false,
		verbose: 0,
		absolute_seq: false,
		no_names: 0,
	};
	for (const { name, value } of g.options) {
		switch (name) {
			case 'c':
				o.count = Number(value);
				if (!Number.isInteger(o.count) || o.count <= 0) {
					p.eprint(`tcpdump: invalid packet count ${value}\n`);
					return 1;
				}
				break;
			case 'e':
				o.link = true;
				break;
			case 'i':
			case 'interface':
				o.device = value;
				break;
			case 'n':
				o.no_names++;
				break;
			case 'p':
			case 'no-promiscuous-mode':
				o.promisc = false;
				break;
			case 'q':
				o.quiet = true;
				break;
			case 'Q':
			case 'direction':
				if (value !== 'in' && value !== 'out' && value !== 'inout') {
					p.eprint(`tcpdump: unknown capture direction '${value}'\n`);
					return 1;
				}
				o.direction = value;
				break;
			case 'r':
				o.read = value;
				break;
			case 's':
			case 'snapshot-length': {
				const n = Number(value);
				if (!Number.isInteger(n) || n < 0 || n > MAX_SNAPLEN) {
					p.eprint(`tcpdump: invalid snaplen ${value}\n`);
					return 1;
				}
				o.snaplen = n === 0 ? MAX_SNAPLEN : n;
				break;
			}
			case 'S':
			case 'absolute-tcp-sequence-numbers':
				o.absolute_seq = true;
				break;
			case 't':
				o.times++;
				break;
			case 'v':
				o.verbose++;
				break;
			case 'w':
				o.write = value;
				break;
			case 'x':
				o.hex++;
				break;
			case 'X':
				o.hex++;
				o.ascii = true;
				break;
			case '#':
			case 'number':
				o.number = true;
				break;
			case 'print':
				o.print = true;
				break;
			case 'nano':
				o.nano = true;
				break;
			case 'time-stamp-precision':
				o.nano = value === 'nano';
				break;
			case 'version':
				p.print(VERSION);
				return 0;
			case 'h':
			case 'help':
				p.print(USAGE);
				return 0;
			case 'D':
			case 'list-interfaces': {
				let i = 1;
				for (const dev of p.netns.dev_base_head)
					p.print(`${i++}.${dev.name} [${(dev.flags & 1) !== 0 ? 'Up, Running' : 'none'}]\n`);
				p.print(`${i}.any (Pseudo-device that captures on all interfaces) [Up, Running]\n`);
				return 0;
			}
			default:
		}
	}
	if (o.device === '' && o.read === null) {
		const first = p.netns.dev_base_head.find((x) => (x.flags & 1) !== 0 && x.type === ARPHRD_ETHER);
		o.device = first === undefined ? 'lo' : first.name;
	}
	try {
		const d = new dumper(p, o, g.operands.join(' '));
		return o.read !== null ? yield* from_file(d, o.read) : yield* live(d);
	} catch (e) {
		if (!(e instanceof filter_error)) throw e;
		p.eprint(`tcpdump: ${e.message === 'syntax error' || e.message.startsWith('illegal') ? "can't parse filter expression: " : ''}${e.message}\n`);
		return 1;
	}
}
