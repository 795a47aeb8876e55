// SPDX-License-Identifier: GPL-2.0-only
/*
 * mausezahn 0.6.8 as the forwarding scripts use it: frames made from options, sent through a packet socket.
 * -a -A -b -B -c -d -p -q -Q -t ip|udp|icmp|arp -6, and frames in hexadecimal. Addresses and ports may be
 * ranges: then every combination is sent.
 * Not here: TCP, DNS, RTP and the other packet types, MPLS, the interactive mode.
 */
import { htonl } from '../../../../include/linux/byteorder/generic.ts';
import {
	AF_INET,
	AF_INET6,
	AF_PACKET,
	SO_BINDTODEVICE,
	SO_BROADCAST,
	type sockaddr,
	SOCK_RAW,
	SOL_SOCKET,
} from '../../../../include/linux/socket.ts';
import {
	csum_fold,
	csum_ipv6_magic,
	csum_partial,
	csum_tcpudp_magic,
	ip_compute_csum,
} from '../../../../include/net/checksum.ts';
import { EAGAIN } from '../../../../include/uapi/linux/errno.ts';
import { ETH_P_ALL } from '../../../../include/uapi/linux/if_ether.ts';
import { IPPROTO_RAW } from '../../../../include/uapi/linux/in.ts';
import type { net_device } from '../../../../include/linux/netdevice.ts';
import { __dev_get_by_name } from '../../../../net/core/dev.ts';
import { parse_mac, pton4, pton6 } from '../lib/address.ts';
import { NSEC_PER_MSEC, NSEC_PER_SEC, type process, type Task, wait } from '../lib/process.ts';
import { open_socket } from '../lib/sockets.ts';
import { strerror } from '../lib/strerror.ts';

const PADDING = 0x42;

const USAGE =
	'\nmausezahn 0.6.8, a fast versatile traffic generator\n' +
	'http://www.netsniff-ng.org\n\n' +
	'Usage: mausezahn [options] [interface] <keyword>|<arg-string>|<hex-string>\n' +
	'Options:\n' +
	'  -4                    IPv4 mode (default)\n' +
	'  -6                    IPv6 mode\n' +
	'  -c <count>            Send packet count times, default:1, infinite:0\n' +
	'  -d <delay>            Apply delay between transmissions\n' +
	'  -p <bytes>            Pad the raw frame to specified length using zero bytes\n' +
	'  -a <srcmac|keyword>   Use specified source MAC address, otherwise taken from interface\n' +
	'  -b <dstmac|keyword>   Use specified destination MAC address\n' +
	'  -A <srcip|keyword>    Use specified source IP address\n' +
	'  -B <dstip|dnsname>    Use specified destination IP address\n' +
	'  -Q <[CoS:]vlan>       Specify 802.1Q VLAN tag and optional Class of Service\n' +
	"  -t <packet-type|help> Specify packet type for autobuild\n" +
	'  -q                    Quiet mode\n';

/* Ends the program with a message. */
class refused extends Error {
	readonly code: number;

	constructor(text: string, code: number) {
		super(text);
		this.code = code;
	}
}

interface request {
	six: boolean;
	count: number;
	delay_ns: number;
	padding: number;
	src_mac: string | null;
	dst_mac: string | null;
	src_ip: string | null;
	dst_ip: string | null;
	vlans: number[];
	type: string | null;
	arg: string;
	quiet: boolean;
}

/* what a frame costs the real one when it is not told to wait, ns: two hundred thousand a second */
const FRAME_NS = 5000;

/* Without a word about the link the kernel routes what is sent. */
const is_routed = (r: request): boolean =>
	r.type !== null &&
	r.type !== 'arp' &&
	r.src_mac === null &&
	r.dst_mac === null &&
	r.vlans.length === 0;

function hex_bytes(text: string): Uint8Array | null {
	const digits = text.replace(/[\s:.-]+/g, '');
	if (digits === '' || digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) return null;
	return Uint8Array.from(digits.match(/../g)!, (x) => parseInt(x, 16));
}

function delay_ns(text: string): number {
	const m = /^(\d+)\s*([a-z]*)$/i.exec(text);
	if (m === null) throw new refused(` mz/getopts: invalid delay\n`, 1);
	const n = Number(m[1]);
	if (/^(m|msec)/i.test(m[2])) return n * NSEC_PER_MSEC;
	if (/^(s|sec)/i.test(m[2])) return n * NSEC_PER_SEC;
	return n * 1000;
}

/* `key=value,key=value` of a packet type. */
function arguments_of(text: string): Map<string, string> {
	const out = new Map<string, string>();
	for (const part of text.split(',')) {
		const eq = part.indexOf('=');
		if (part.trim() !== '') out.set(part.slice(0, eq < 0 ? undefined : eq).trim(), eq < 0 ? '' : part.slice(eq + 1));
	}
	return out;
}

function unsupported(p: process): never {
	throw new refused(`simns: unsupported: ${p.argv.join(' ')}\n`, 1);
}

/* Ports of `N` or `N-M`. */
function port_range(text: string | undefined): number[] {
	if (text === undefined) return [0];
	const m = /^(\d+)(?:-(\d+))?$/.exec(text);
	if (m === null) throw new refused(' mz: invalid port\n', 1);
	const from = Number(m[1]);
	const to = Math.min(65535, Number(m[2] ?? m[1]));
	return Array.from({ length: Math.max(1, to - from + 1) }, (_, i) => from + i);
}

/* Addresses of `A`, `A-B` or `A/LEN`. */
function address_range(text: string, six: boolean): Uint8Array[] {
	const bytes = (a: string): Uint8Array => {
		if (six) {
			const b = pton6(a);
			if (b === null) throw new refused(` mz: invalid IPv6 address\n`, 1);
			return b;
		}
		const v = pton4(a);
		if (v === null) throw new refused(` mz: invalid IP address\n`, 1);
		return Uint8Array.of(v >>> 24, v >>> 16, v >>> 8, v);
	};
	const [first, last] = text.split('-');
	const slash = first.indexOf('/');
	if (slash >= 0) {
		if (six) throw new refused(' mz: ranges of IPv6 addresses by prefix are not known\n', 1);
		const base = pton4(first.slice(0, slash));
		const len = Number(first.slice(slash + 1));
		if (base === null || !(len >= 8 && len <= 32)) throw new refused(' mz: invalid range\n', 1);
		const size = 2 ** (32 - len);
		const start = Math.floor(base / size) * size;
		return Array.from({ length: size }, (_, i) => {
			const v = (start + i) >>> 0;
			return Uint8Array.of(v >>> 24, v >>> 16, v >>> 8, v);
		});
	}
	const a = bytes(first);
	if (last === undefined) return [a];
	const z = bytes(last);
	const tail = (b: Uint8Array): number => ((b.at(-4)! << 24) | (b.at(-3)! << 16) | (b.at(-2)! << 8) | b.at(-1)!) >>> 0;
	const n = tail(z) - tail(a);
	if (n < 0 || n > 1 << 20) throw new refused(' mz: invalid range\n', 1);
	return Array.from({ length: n + 1 }, (_, i) => {
		const b = a.slice();
		const v = (tail(a) + i) >>> 0;
		b.set([v >>> 24, v >>> 16, v >>> 8, v], b.length - 4);
		return b;
	});
}

const put16 = (b: Uint8Array, at: number, v: number): void => {
	b[at] = v >>> 8;
	b[at + 1] = v;
};

function mac_of(p: process, word: string | null, own: Uint8Array, fallback: Uint8Array): Uint8Array {
	switch (word) {
		case null:
			return fallback;
		case 'own':
			return own;
		case 'rand': {
			const a = p.world.random_u32();
			const b = p.world.random_u32();
			/* neither a group nor locally administered */
			return Uint8Array.of((a >>> 24) & 0xfc, a >>> 16, a >>> 8, a, b >>> 8, b);
		}
		case 'bc':
		case 'bcast':
			return new Uint8Array(6).fill(0xff);
		case 'cisco':
			return Uint8Array.of(1, 0, 0x0c, 0xcc, 0xcc, 0xcc);
		case 'stp':
			return Uint8Array.of(1, 0x80, 0xc2, 0, 0, 0);
		default: {
			const mac = parse_mac(word.replaceAll('-', ':'));
			if (mac === null) throw new refused(' mz: invalid MAC address\n', 1);
			return mac;
		}
	}
}

function own_ip(dev: net_device, six: boolean): Uint8Array {
	if (six) {
		const ifa = dev.ip6_ptr?.addr_list.find(() => true);
		return ifa === undefined ? new Uint8Array(16) : ifa.addr;
	}
	/* without one, all ones: what the real one's library gives as its error */
	const v = dev.ip_ptr?.ifa_list?.ifa_local ?? 0xffffffff;
	return Uint8Array.of(v >>> 24, v >>> 16, v >>> 8, v);
}

/* An IP packet around a payload. */
function ip_packet(
	six: boolean,
	src: Uint8Array,
	dst: Uint8Array,
	proto: number,
	args: Map<string, string>,
	payload: Uint8Array,
): Uint8Array {
	const ttl = Number(args.get('ttl') ?? args.get('hop') ?? 255);
	if (six) {
		const b = new Uint8Array(40 + payload.length);
		b[0] = 0x60;
		put16(b, 4, payload.length);
		b[6] = proto;
		b[7] = ttl;
		b.set(src, 8);
		b.set(dst, 24);
		b.set(payload, 40);
		return b;
	}
	const b = new Uint8Array(20 + payload.length);
	b[0] = 0x45;
	const dscp = args.get('dscp');
	b[1] = dscp !== undefined ? Number(dscp) << 2 : parseInt(args.get('tos') ?? '0', 16);
	put16(b, 2, b.length);
	put16(b, 4, Number(args.get('id') ?? 0));
	if (args.has('df')) b[6] = 0x40;
	b[8] = ttl;
	b[9] = proto;
	b.set(src, 12);
	b.set(dst, 16);
	put16(b, 10, ip_compute_csum(b, 0, 20));
	b.set(payload, 20);
	return b;
}

const word_of = (b: Uint8Array): number => ((b[0] << 24) | (b[1] << 16) | (b[2] << 8) | b[3]) >>> 0;

/* Every packet behind the Ethernet header, its type, and whom it goes to when nobody says. */
function* packets(
	p: process,
	r: request,
	dev: net_device,
): Generator<{ ethertype: number; data: Uint8Array; to?: Uint8Array | null }> {
	const args = arguments_of(r.arg);
	const pad = new Uint8Array(r.padding).fill(PADDING);
	const given = args.get('p') ?? args.get('payload');
	const hex = given === undefined ? null : hex_bytes(given);
	if (given !== undefined && hex === null) throw new refused(' mz: invalid payload\n', 1);
	const body = new Uint8Array((hex?.length ?? 0) + pad.length);
	if (hex !== null) body.set(hex);
	body.set(pad, hex?.length ?? 0);
	const ethertype = r.six ? 0x86dd : 0x0800;
	const own = own_ip(dev, r.six);
	const sources = r.src_ip === null ? [own] : address_range(r.src_ip, r.six);
	const targets =
		r.dst_ip === null
			? [new Uint8Array(r.six ? 16 : 4).fill(r.six ? 0 : 0xff)]
			: address_range(r.dst_ip, r.six);
	if (r.type === 'arp') {
		/* a reply unless a request is asked for */
		const asks = args.has('request');
		const b = new Uint8Array(28);
		b.set([0, 1, 8, 0, 6, 4, 0, asks ? 1 : 2]);
		const link = dev.dev_addr.slice(0, 6);
		const mac = (word: string | undefined, fallback: Uint8Array): Uint8Array =>
			mac_of(p, word ?? null, link, fallback);
		const ip = (word: string | undefined): Uint8Array =>
			word === undefined ? own : address_range(word, false)[0];
		const tmac = mac(args.get('targetmac') ?? args.get('tmac'), new Uint8Array(6).fill(asks ? 0 : 0xff));
		b.set(mac(args.get('sendermac') ?? args.get('smac'), link), 8);
		b.set(ip(args.get('senderip') ?? args.get('sip')), 14);
		b.set(tmac, 18);
		b.set(ip(args.get('targetip') ?? args.get('tip')), 24);
		yield { ethertype: 0x0806, data: b, to: asks ? null : tmac };
		return;
	}
	for (const src of sources)
		for (const dst of targets) {
			if (r.type === 'ip') {
				const proto = Number(args.get('proto') ?? args.get('next') ?? 0);
				yield { ethertype, data: ip_packet(r.six, src, dst, proto, args, body) };
				continue;
			}
			if (r.type === 'icmp' && !r.six) {
				const b = new Uint8Array(8 + body.length);
				if (args.has('unreach')) unsupported(p);
				if (args.has('ping') || args.has('echoreq')) {
					b[0] = 8;
					put16(b, 4, Number(args.get('id') ?? 0x42));
					put16(b, 6, Number(args.get('seq') ?? 1));
				} else {
					/* anything else has a gateway behind its checksum */
					const redirect = args.has('redirect');
					b[0] = Number(args.get('type') ?? (redirect ? 5 : 0));
					b[1] = Number(args.get('code') ?? (redirect ? 1 : 0));
					b.set(src, 4);
				}
				b.set(body, 8);
				put16(b, 2, csum_fold(csum_partial(b, 0, b.length, 0)));
				yield { ethertype, data: ip_packet(false, src, dst, 1, args, b) };
				continue;
			}
			if (r.type !== 'udp') unsupported(p);
			for (const sp of port_range(args.get('sp')))
				for (const dp of port_range(args.get('dp'))) {
					const b = new Uint8Array(8 + body.length);
					put16(b, 0, sp);
					put16(b, 2, dp);
					put16(b, 4, b.length);
					b.set(body, 8);
					/* none in IPv6 frames, as of the real one */
					const sum = csum_partial(b, 0, b.length, 0);
					if (!r.six)
						put16(b, 6, csum_tcpudp_magic(htonl(word_of(src)), htonl(word_of(dst)), b.length, 17, sum));
					else if (is_routed(r)) put16(b, 6, csum_ipv6_magic(src, 0, dst, 0, b.length, 17, sum));
					yield { ethertype, data: ip_packet(r.six, src, dst, 17, args, b) };
				}
		}
}

/* Every frame of one round. */
function* frames(p: process, r: request, dev: net_device): Generator<Uint8Array> {
	const own = dev.dev_addr.slice(0, 6);
	if (r.type === null) {
		const raw = r.arg === '' ? new Uint8Array(0) : hex_bytes(r.arg);
		if (raw === null) throw new refused(' mz: invalid hex string\n', 1);
		if (r.src_mac === null && r.dst_mac === null && raw.length > 0) {
			const b = new Uint8Array(Math.max(raw.length, 15, r.padding));
			b.set(raw);
			yield b;
			return;
		}
		const b = new Uint8Array(Math.max(12 + raw.length, 15, r.padding));
		b.set(mac_of(p, r.dst_mac, own, new Uint8Array(6).fill(0xff)), 0);
		b.set(mac_of(p, r.src_mac, own, own), 6);
		b.set(raw, 12);
		yield b;
		return;
	}
	for (const { ethertype, data, to } of packets(p, r, dev)) {
		const b = new Uint8Array(14 + 4 * r.vlans.length + data.length);
		b.set(mac_of(p, r.dst_mac, own, to ?? new Uint8Array(6).fill(0xff)), 0);
		b.set(mac_of(p, r.src_mac, own, own), 6);
		let at = 12;
		for (const tci of r.vlans) {
			put16(b, at, 0x8100);
			put16(b, at + 2, tci);
			at += 4;
		}
		put16(b, at, ethertype);
		b.set(data, at + 2);
		yield b;
	}
}

function parse(p: process, argv: string[]): { r: request; device: string } {
	const r: request = {
		six: false,
		count: 1,
		delay_ns: 0,
		padding: 0,
		src_mac: null,
		dst_mac: null,
		src_ip: null,
		dst_ip: null,
		vlans: [],
		type: null,
		arg: '',
		quiet: false,
	};
	const words: string[] = [];
	for (let i = 1; i < argv.length; i++) {
		const opt = argv[i];
		if (!/^-./.test(opt)) {
			words.push(opt);
			continue;
		}
		const value = (): string => {
			if (opt.length > 2) return opt.slice(2);
			if (++i >= argv.length) throw new refused(`mausezahn: option requires an argument -- '${opt[1]}'\n${USAGE}`, 1);
			return argv[i];
		};
		switch (opt[1]) {
			case '4':
				break;
			case '6':
				r.six = true;
				break;
			case 'q':
				r.quiet = true;
				break;
			case 'c':
				r.count = Number(value());
				break;
			case 'd':
				r.delay_ns = delay_ns(value());
				break;
			case 'p':
				r.padding = Number(value());
				break;
			case 'a':
				r.src_mac = value();
				break;
			case 'b':
				r.dst_mac = value();
				break;
			case 'A':
				r.src_ip = value();
				break;
			case 'B':
				r.dst_ip = value();
				break;
			case 'Q':
				for (const tag of value().split(',')) {
					const m = /^(?:(\d+):)?(\d+)$/.exec(tag);
					if (m === null) throw new refused(' mz: invalid VLAN tag\n', 1);
					r.vlans.push((Number(m[1] ?? 0) << 13) | Number(m[2]));
				}
				break;
			case 't':
				r.type = value();
				break;
			case 'h':
				throw new refused(USAGE, 0);
			default:
				unsupported(p);
		}
	}
	if (words.length === 0) throw new refused(USAGE, 1);
	r.arg = words.slice(1).join(' ');
	if (r.type !== null && !['ip', 'udp', 'icmp', 'arp', 'tcp', 'dns', 'rtp', 'igmp', 'lldp', 'syslog', 'cdp', 'bpdu'].includes(r.type))
		throw new refused(' mz: you must specify a valid packet type!\n', 0);
	return { r, device: words[0] };
}

/* Sends packets through a raw socket: the kernel finds the way. */
function* send_routed(p: process, r: request, dev: net_device): Task<number> {
	const s = open_socket(p, r.six ? AF_INET6 : AF_INET, SOCK_RAW, IPPROTO_RAW);
	if (typeof s === 'number') throw new refused(`mausezahn: ${strerror(s)}\n`, 1);
	s.set(SOL_SOCKET, SO_BROADCAST, 1);
	if (r.six) s.set(SOL_SOCKET, SO_BINDTODEVICE, dev.name);
	for (let n = 0; r.count === 0 || n < r.count; n++)
		for (const { data } of packets(p, r, dev)) {
			const to: sockaddr = r.six
				? { family: AF_INET6, addr: data.slice(24, 40), port: 0 }
				: { family: AF_INET, addr: htonl(word_of(data.subarray(16, 20))), port: 0 };
			while (s.send(data, to) === -EAGAIN) yield new wait([s.wq], Infinity);
			yield* p.sleep(Math.max(r.delay_ns, FRAME_NS));
		}
	return 0;
}

function* send(p: process, r: request, device: string): Task<number> {
	const dev = __dev_get_by_name(p.netns, device);
	if (dev === null)
		throw new refused(
			` mz/getopts: libnet_init() failed (libnet_check_iface() ioctl: No such device\n) Invalid command line parameters!\n${USAGE}`,
			1,
		);
	if (is_routed(r)) return yield* send_routed(p, r, dev);
	const s = open_socket(p, AF_PACKET, SOCK_RAW, 0);
	if (typeof s === 'number') throw new refused(`mausezahn: ${strerror(s)}\n`, 1);
	const err = s.bind({
		family: AF_PACKET,
		protocol: ETH_P_ALL,
		ifindex: dev.ifindex,
		hatype: 0,
		pkttype: 0,
		addr: new Uint8Array(0),
	});
	if (err < 0) throw new refused(`mausezahn: ${strerror(err)}\n`, 1);
	for (let n = 0; r.count === 0 || n < r.count; n++)
		for (const frame of frames(p, r, dev)) {
			while (s.send(frame) === -EAGAIN) yield new wait([s.wq], Infinity);
			yield* p.sleep(Math.max(r.delay_ns, FRAME_NS));
		}
	return 0;
}

/** The program. */
export function* mausezahn(p: process, argv: string[]): Task<number> {
	try {
		const { r, device } = parse(p, argv);
		if (!r.quiet) p.print(`Mausezahn will send ${r.count === 0 ? 'infinite' : r.count} frames... `);
		const began = p.now();
		const rc = yield* send(p, r, device);
		const s = (p.now() - began) / NSEC_PER_SEC;
		if (!r.quiet)
			p.print(
				`${s.toFixed(2)} seconds (${s > 0 ? Math.round(r.count / s) : 0} packets per second)\n`,
			);
		return rc;
	} catch (e) {
		if (!(e instanceof refused)) throw e;
		p.eprint(e.message);
		return e.code;
	}
}
