// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the objects of ip and bridge share: arguments, addresses, names of numbers, talking to the
 * kernel and saying what it answered.
 */
import { mac_text, ntop4, ntop6, parse_mac, pton4, pton6 } from '../../lib/address.ts';
import type { process } from '../../lib/process.ts';
import { strerror } from '../../lib/strerror.ts';
import { AF_BRIDGE, AF_INET, AF_INET6, AF_UNSPEC } from '../../../../../include/linux/socket.ts';
import { netlink_ext_ack } from '../../../../../include/linux/netlink.ts';
import type { net } from '../../../../../include/net/net_namespace.ts';
import {
	nla_data,
	nla_get_u32,
	nla_strdup,
	type nlattrs,
	type nlmsg,
	NLM_F_DUMP,
	NLM_F_REQUEST,
} from '../../../../../include/net/netlink.ts';
import { IFLA_EXT_MASK, IFLA_IFNAME, IFLA_PROP_LIST, IFLA_ALT_IFNAME, IFLA_MASTER, IFLA_LINK, IFLA_LINKINFO, IFLA_INFO_KIND } from '../../../../../include/uapi/linux/if_link.ts';
import { ifinfomsg_msg, RTM_GETLINK } from '../../../../../include/uapi/linux/rtnetlink.ts';
import { rtnetlink_rcv_msg, rtnl_dump } from '../../../../../net/core/rtnetlink.ts';
import { output } from './print.ts';

/** Ends the program: what goes to standard error, and the exit code. */
export class exit_error extends Error {
	readonly code: number;

	constructor(text: string, code: number) {
		super(text);
		this.code = code & 0xff;
	}
}

/** -1 as an exit code. */
export const EXIT_MINUS_1 = 255;

/** What stands before the object. */
export interface settings {
	family: number;
	details: number;
	stats: number;
	oneline: boolean;
	brief: boolean;
	json: boolean;
	pretty: boolean;
	numeric: boolean;
	force: boolean;
	all: boolean;
	timestamp: boolean;
	/** Ranges of VLANs as ranges: bridge. */
	compress_vlans: boolean;
	/** Program name in messages: `ip` or `bridge`. */
	tool: string;
}

/** A command in work: process, settings, arguments, output. */
export class command {
	readonly p: process;
	readonly s: settings;
	readonly o: output;
	readonly argv: readonly string[];
	i = 0;
	/** Set by what lists things: with -j an empty list is printed too. */
	listing = false;
	#links: nlmsg[] | null = null;

	constructor(p: process, s: settings, argv: readonly string[]) {
		this.p = p;
		this.s = s;
		this.argv = argv;
		this.o = new output(s.json, s.pretty, s.oneline);
	}

	get net(): net {
		return this.p.netns;
	}

	/** Is there an argument left? */
	get more(): boolean {
		return this.i < this.argv.length;
	}

	/** The argument at hand. */
	get arg(): string {
		return this.argv[this.i] ?? '';
	}

	/** The argument after it, or ''. */
	get after(): string {
		return this.argv[this.i + 1] ?? '';
	}

	/** NEXT_ARG(): moves on to an argument that must be there. */
	next(): string {
		this.i++;
		if (this.i >= this.argv.length) incomplete_command();
		return this.arg;
	}

	/** Arguments that are left, at hand included. */
	rest(): string[] {
		return this.argv.slice(this.i);
	}

	/* talking */

	/**
	 * Sends a request that must succeed.
	 * @returns the answers of a GET
	 */
	talk(msg: nlmsg, code = 2): nlmsg[] {
		const extack = new netlink_ext_ack();
		const reply: nlmsg[] = [];
		msg.flags |= NLM_F_REQUEST;
		const err = rtnetlink_rcv_msg(this.net, msg, extack, reply);
		this.#links = null;
		if (err < 0) throw new exit_error(rtnl_error(err, extack), code);
		return reply;
	}

	/**
	 * Asks for a list.
	 * @param end what is printed behind an error, as `Dump terminated`
	 */
	dump(msg: nlmsg, end = 'Dump terminated', code = 1): nlmsg[] {
		const extack = new netlink_ext_ack();
		msg.flags |= NLM_F_REQUEST | NLM_F_DUMP;
		const r = rtnl_dump(this.net, msg, extack);
		if (typeof r === 'number')
			throw new exit_error(`${rtnl_error(r, extack)}${end === '' ? '' : `${end}\n`}`, code);
		return r;
	}

	/* links */

	/** All links of the namespace. */
	links(): ifinfomsg_msg[] {
		this.#links ??= this.dump(new ifinfomsg_msg(RTM_GETLINK, 0, new Map()));
		return this.#links as ifinfomsg_msg[];
	}

	/** Index of a device by name or alternative name, 0 when there is none. */
	name_to_index(name: string): number {
		for (const l of this.links()) {
			if (nla_strdup(l.tb, IFLA_IFNAME) === name) return l.ifi_index;
			const props = l.tb.get(IFLA_PROP_LIST);
			if (Array.isArray(props) && props.some((x) => x.get(IFLA_ALT_IFNAME) === name))
				return l.ifi_index;
		}
		const m = /^if(\d+)$/.exec(name);
		return m === null ? 0 : Number(m[1]);
	}

	/** Name of a device; `if7` when it is not here. */
	index_to_name(index: number): string {
		if (index === 0) return '*';
		const l = this.links().find((x) => x.ifi_index === index);
		return l === undefined ? `if${index}` : nla_strdup(l.tb, IFLA_IFNAME)!;
	}

	/** The link of an index, or null. */
	link_of(index: number): ifinfomsg_msg | null {
		return this.links().find((x) => x.ifi_index === index) ?? null;
	}

	/** Index of a device that must be there; exits like nodev() otherwise. */
	need_dev(name: string, code = 1): number {
		const index = this.name_to_index(name);
		if (index === 0) throw new exit_error(`Cannot find device "${name}"\n`, code);
		return index;
	}
}

/** What rtnl_talk() prints of an error. */
export function rtnl_error(err: number, extack: netlink_ext_ack): string {
	if (extack._msg !== null && extack._msg !== '')
		return `Error: ${extack._msg}${/[.\n]$/.test(extack._msg) ? '' : '.'}\n`;
	return `RTNETLINK answers: ${strerror(err)}\n`;
}

/** Is `word` an abbreviation of `full`? */
export function matches(word: string, full: string): boolean {
	return word !== '' && full.startsWith(word);
}

/** See incomplete_command() of iproute2. */
export function incomplete_command(): never {
	throw new exit_error('Command line is not complete. Try option "help"\n', EXIT_MINUS_1);
}

/** See missarg() of iproute2. */
export function missarg(key: string): never {
	throw new exit_error(`Error: argument "${key}" is required\n`, EXIT_MINUS_1);
}

/** What the real tool takes and is not here. */
export function not_here(c: command, what: string): never {
	throw new exit_error(`simns: unsupported: ${what} ${c.argv.join(' ')}\n`, 1);
}

/** See invarg() of iproute2. */
export function invarg(msg: string, arg: string): never {
	throw new exit_error(`Error: argument "${arg}" is wrong: ${msg}\n`, EXIT_MINUS_1);
}

/** See duparg() of iproute2. */
export function duparg(key: string, arg: string): never {
	throw new exit_error(`Error: duplicate "${key}": "${arg}" is the second value.\n`, EXIT_MINUS_1);
}

/** See duparg2() of iproute2. */
export function duparg2(key: string, arg: string): never {
	throw new exit_error(
		`Error: either "${key}" is duplicate, or "${arg}" is a garbage.\n`,
		EXIT_MINUS_1,
	);
}

/** An integer as strtoul() reads it, or null. */
export function get_integer(s: string, base = 0): number | null {
	if (base === 16) return /^(0x)?[0-9a-fA-F]+$/.test(s) ? parseInt(s, 16) : null;
	if (/^0[xX][0-9a-fA-F]+$/.test(s)) return parseInt(s.slice(2), 16);
	if (/^0[0-7]+$/.test(s)) return parseInt(s, 8);
	if (/^-?\d+$/.test(s)) return Number(s);
	return null;
}

/** An unsigned integer up to a bound, or null. */
export function get_unsigned(s: string, max = 0xffffffff): number | null {
	const n = get_integer(s);
	return n === null || n < 0 || n > max ? null : n;
}

/** An address or prefix as ip reads it. */
export interface inet_prefix {
	/** AF_INET, AF_INET6, or AF_UNSPEC for `any` and `default` of no known family. */
	family: number;
	bytelen: number;
	bitlen: number;
	/** Number for IPv4, bytes for IPv6, null for none. */
	data: number | Uint8Array | null;
	/** Was a length given? */
	has_len: boolean;
}

function default_prefix(family: number): inet_prefix {
	return {
		family: family === AF_INET6 ? AF_INET6 : family === AF_INET ? AF_INET : AF_UNSPEC,
		bytelen: 0,
		bitlen: 0,
		data: family === AF_INET6 ? new Uint8Array(16) : family === AF_INET ? 0 : null,
		has_len: true,
	};
}

/** An address without a length, or null. */
export function parse_addr(s: string, family: number): inet_prefix | null {
	if (s === 'default') return default_prefix(family);
	if (s === 'any' || s === 'all') return { ...default_prefix(family), has_len: false };
	if (s.includes(':')) {
		if (family !== AF_UNSPEC && family !== AF_INET6) return null;
		const b = pton6(s);
		return b === null
			? null
			: { family: AF_INET6, bytelen: 16, bitlen: -1, data: b, has_len: false };
	}
	if (family !== AF_UNSPEC && family !== AF_INET) return null;
	/* 10.1 means 10.1.0.0 to ip */
	if (!/^\d+(\.\d+){0,3}$/.test(s)) return null;
	const parts = s.split('.');
	if (parts.some((x) => Number(x) > 255)) return null;
	while (parts.length < 4) parts.push('0');
	let v = 0;
	for (const part of parts) v = v * 256 + Number(part);
	return { family: AF_INET, bytelen: 4, bitlen: -1, data: v, has_len: false };
}

/** A prefix; the length of a host when none is given. Exits when it is none. */
export function get_prefix(s: string, family: number): inet_prefix {
	const bad = (): never => {
		throw new exit_error(`Error: ${family_name_error(family)} prefix is expected rather than "${s}".\n`, 1);
	};
	if (s === 'default' || s === 'any' || s === 'all') return parse_addr(s, family)!;
	const slash = s.indexOf('/');
	const a = parse_addr(slash < 0 ? s : s.slice(0, slash), family);
	if (a === null) return bad();
	const max = a.family === AF_INET6 ? 128 : 32;
	if (slash < 0) return { ...a, bitlen: max };
	const text = s.slice(slash + 1);
	let len = get_unsigned(text, max);
	if (len === null) {
		/* a dotted mask */
		const mask = pton4(text);
		if (mask === null || a.family !== AF_INET) return bad();
		const inv = ~mask >>> 0;
		if ((inv & (inv + 1)) !== 0) return bad();
		len = 32 - (inv === 0 ? 0 : Math.floor(Math.log2(inv)) + 1);
	}
	return { ...a, bitlen: len, has_len: true };
}

function family_name_error(family: number): string {
	return family === AF_INET ? 'inet' : family === AF_INET6 ? 'inet6' : 'any valid';
}

/** An address; exits when it is none. */
export function get_addr(s: string, family: number): inet_prefix {
	const a = parse_addr(s, family);
	if (a === null || s.includes('/'))
		throw new exit_error(
			`Error: ${family_name_error(family)} address is expected rather than "${s}".\n`,
			1,
		);
	return a;
}

/** A MAC address; exits when it is none. */
export function get_lladdr(s: string): Uint8Array {
	const mac = parse_mac(s);
	if (mac !== null) return mac;
	const v4 = pton4(s);
	if (v4 !== null && s.includes('.'))
		return Uint8Array.of(v4 >>> 24, (v4 >>> 16) & 255, (v4 >>> 8) & 255, v4 & 255);
	const bad = s.split(':').find((x) => !/^[0-9a-fA-F]{1,2}$/.test(x));
	throw new exit_error(`"${bad ?? s}" is invalid lladdr.\n`, 1);
}

/** Text of an address attribute: number or bytes. */
export function addr_text(v: number | Uint8Array | null | undefined): string {
	if (v === null || v === undefined) return '';
	return typeof v === 'number' ? ntop4(v) : v.length === 16 ? ntop6(v) : mac_text(v, 0, v.length);
}

/** An address attribute, or null. */
export function nla_addr(tb: nlattrs, type: number): number | Uint8Array | null {
	const v = tb.get(type);
	return typeof v === 'number' || v instanceof Uint8Array ? v : null;
}

/** Text of a hardware address attribute. */
export function lladdr_text(tb: nlattrs, type: number): string {
	const b = nla_data(tb, type);
	return b === null ? '' : mac_text(b, 0, b.length);
}

/** Do the first bits of two addresses agree? */
export function same_prefix(
	a: number | Uint8Array,
	b: number | Uint8Array,
	bits: number,
): boolean {
	if (typeof a === 'number' || typeof b === 'number') {
		if (typeof a !== 'number' || typeof b !== 'number') return false;
		return bits <= 0 || a >>> (32 - bits) === b >>> (32 - bits);
	}
	for (let i = 0; i < 16; i++) {
		const left = bits - i * 8;
		if (left <= 0) return true;
		const mask = left >= 8 ? 255 : (255 << (8 - left)) & 255;
		if ((a[i] & mask) !== (b[i] & mask)) return false;
	}
	return true;
}

/** `on` or `off`; exits with the option's name otherwise. */
export function parse_on_off(what: string, arg: string): boolean {
	if (arg === 'on') return true;
	if (arg === 'off') return false;
	throw new exit_error(`Error: argument of "${what}" must be "on" or "off", not "${arg}"\n`, EXIT_MINUS_1);
}

/** Is this a name that the kernel would take for a device? */
export function valid_ifname(name: string): boolean {
	return name !== '' && name.length < 16 && !/[\s/]/.test(name) && name !== '.' && name !== '..';
}

export { AF_BRIDGE, AF_INET, AF_INET6, AF_UNSPEC };

const tables = new Map<string, number>([
	['unspec', 0],
	['default', 253],
	['main', 254],
	['local', 255],
]);
const protocols = new Map<string, number>([
	['unspec', 0],
	['redirect', 1],
	['kernel', 2],
	['boot', 3],
	['static', 4],
	['gated', 8],
	['ra', 9],
	['mrt', 10],
	['zebra', 11],
	['bird', 12],
	['dnrouted', 13],
	['xorp', 14],
	['ntk', 15],
	['dhcp', 16],
	['keepalived', 18],
	['babel', 42],
	['bgp', 186],
	['isis', 187],
	['ospf', 188],
	['rip', 189],
	['eigrp', 192],
]);
const scopes = new Map<string, number>([
	['global', 0],
	['nowhere', 255],
	['host', 254],
	['link', 253],
	['site', 200],
]);
const route_types = [
	'none',
	'unicast',
	'local',
	'broadcast',
	'anycast',
	'multicast',
	'blackhole',
	'unreachable',
	'prohibit',
	'throw',
	'nat',
	'xresolve',
];

function name_of(map: Map<string, number>, n: number): string {
	for (const [k, v] of map) if (v === n) return k;
	return String(n);
}

function number_of(map: Map<string, number>, s: string, max: number): number | null {
	return map.get(s) ?? get_unsigned(s, max);
}

export const rtnl_rttable_n2a = (n: number): string => name_of(tables, n);
export const rtnl_rttable_a2n = (s: string): number | null => number_of(tables, s, 0xffffffff);
export const rtnl_rtprot_n2a = (n: number): string => name_of(protocols, n);
export const rtnl_rtprot_a2n = (s: string): number | null => number_of(protocols, s, 255);
export const rtnl_rtscope_n2a = (n: number): string => name_of(scopes, n);
export const rtnl_rtscope_a2n = (s: string): number | null => number_of(scopes, s, 255);
export const rtnl_rtntype_n2a = (n: number): string => route_types[n] ?? String(n);

const dsfields = new Map<number, string>([
	[0x00, 'default'],
	[0x04, 'LE'],
	[0x20, 'CS1'],
	[0x40, 'CS2'],
	[0x60, 'CS3'],
	[0x80, 'CS4'],
	[0xa0, 'CS5'],
	[0xc0, 'CS6'],
	[0xe0, 'CS7'],
	[0x28, 'AF11'],
	[0x30, 'AF12'],
	[0x38, 'AF13'],
	[0x48, 'AF21'],
	[0x50, 'AF22'],
	[0x58, 'AF23'],
	[0x68, 'AF31'],
	[0x70, 'AF32'],
	[0x78, 'AF33'],
	[0x88, 'AF41'],
	[0x90, 'AF42'],
	[0x98, 'AF43'],
	[0xb8, 'EF'],
]);

/** Text of a TOS. */
export function rtnl_dsfield_n2a(n: number, numeric: boolean): string {
	const name = dsfields.get(n);
	return numeric || name === undefined ? `0x${n.toString(16).padStart(2, '0')}` : name;
}

/** TOS from text. */
export function rtnl_dsfield_a2n(s: string): number | null {
	for (const [n, name] of dsfields) if (name === s) return n;
	return /^(0x)?[0-9a-fA-F]{1,2}$/.test(s) ? parseInt(s, 16) : null;
}

/** Type of a route by its word, or null. */
export function rtnl_rtntype_a2n(s: string): number | null {
	const exact: [string, number][] = [
		['local', 2],
		['nat', 10],
		['broadcast', 3],
		['brd', 3],
		['anycast', 4],
		['multicast', 5],
		['prohibit', 8],
		['unreachable', 7],
		['blackhole', 6],
		['xresolve', 11],
		['unicast', 1],
		['throw', 9],
	];
	if (s === 'local') return 2;
	for (const [word, n] of exact) if (matches(s, word)) return n;
	return null;
}

/** Kind of a link, or ''. */
export function link_kind(l: ifinfomsg_msg): string {
	const info = l.tb.get(IFLA_LINKINFO);
	return info instanceof Map ? (nla_strdup(info, IFLA_INFO_KIND) ?? '') : '';
}

/** Master index of a link, 0 for none. */
export function link_master(l: ifinfomsg_msg): number {
	return nla_get_u32(l.tb, IFLA_MASTER) ?? 0;
}

/** Index of the lower device or the other end, 0 for none. */
export function link_link(l: ifinfomsg_msg): number {
	return nla_get_u32(l.tb, IFLA_LINK) ?? 0;
}

export { IFLA_EXT_MASK };
