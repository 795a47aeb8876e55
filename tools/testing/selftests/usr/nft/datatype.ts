// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, data types.
 * Modelled on datatype.c of nftables 1.0.6 and on the types that its meta.c, ct.c, fib.c and proto.c
 * declare: how a symbol becomes a value and a value becomes text again. The numbers of the types go to
 * the kernel as informational key and data types of sets.
 * Not here: types of expressions that this nft does not have (realm, mh_type, ct_label, cgroupsv2, time
 * of day).
 */

import {
	BYTEORDER_BIG_ENDIAN,
	BYTEORDER_HOST_ENDIAN,
	BYTEORDER_INVALID,
	type byteorder,
	div_round_up,
	mpz_export_data,
	mpz_from_string,
	mpz_import_data,
	mpz_set_str,
	mpz_to_string,
	netlink_padded_len,
} from './mpz.ts';
import {
	getprotobyname,
	getprotobynumber,
	getservbyname,
	getservbyport,
	groups,
	inet_aton,
	inet_ntop6,
	inet_pton6,
	users,
} from './names.ts';

export const TYPE_INVALID = 0;
export const TYPE_VERDICT = 1;
export const TYPE_NFPROTO = 2;
export const TYPE_BITMASK = 3;
export const TYPE_INTEGER = 4;
export const TYPE_STRING = 5;
export const TYPE_LLADDR = 6;
export const TYPE_IPADDR = 7;
export const TYPE_IP6ADDR = 8;
export const TYPE_ETHERADDR = 9;
export const TYPE_ETHERTYPE = 10;
export const TYPE_ARPOP = 11;
export const TYPE_INET_PROTOCOL = 12;
export const TYPE_INET_SERVICE = 13;
export const TYPE_ICMP_TYPE = 14;
export const TYPE_TCP_FLAG = 15;
export const TYPE_DCCP_PKTTYPE = 16;
export const TYPE_TIME = 18;
export const TYPE_MARK = 19;
export const TYPE_IFINDEX = 20;
export const TYPE_ARPHRD = 21;
export const TYPE_CLASSID = 23;
export const TYPE_UID = 24;
export const TYPE_GID = 25;
export const TYPE_CT_STATE = 26;
export const TYPE_CT_DIR = 27;
export const TYPE_CT_STATUS = 28;
export const TYPE_ICMP6_TYPE = 29;
export const TYPE_PKTTYPE = 31;
export const TYPE_ICMP_CODE = 32;
export const TYPE_ICMPV6_CODE = 33;
export const TYPE_ICMPX_CODE = 34;
export const TYPE_DEVGROUP = 35;
export const TYPE_DSCP = 36;
export const TYPE_ECN = 37;
export const TYPE_FIB_ADDR = 38;
export const TYPE_BOOLEAN = 39;
export const TYPE_CT_EVENTBIT = 40;
export const TYPE_IFNAME = 41;
export const TYPE_IGMP_TYPE = 42;
export const TYPE_TIME_DATE = 43;
export const TYPE_TIME_HOUR = 44;
export const TYPE_TIME_DAY = 45;
export const TYPE_BITS = 6;
export const TYPE_MASK = (1 << TYPE_BITS) - 1;

export const IFNAMSIZ = 16;

export const NFT_CTX_OUTPUT_REVERSEDNS = 1 << 0;
export const NFT_CTX_OUTPUT_SERVICE = 1 << 1;
export const NFT_CTX_OUTPUT_STATELESS = 1 << 2;
export const NFT_CTX_OUTPUT_HANDLE = 1 << 3;
export const NFT_CTX_OUTPUT_GUID = 1 << 6;
export const NFT_CTX_OUTPUT_NUMERIC_PROTO = 1 << 7;
export const NFT_CTX_OUTPUT_NUMERIC_PRIO = 1 << 8;
export const NFT_CTX_OUTPUT_NUMERIC_SYMBOL = 1 << 9;
export const NFT_CTX_OUTPUT_NUMERIC_TIME = 1 << 10;
export const NFT_CTX_OUTPUT_NUMERIC_ALL =
	NFT_CTX_OUTPUT_NUMERIC_PROTO |
	NFT_CTX_OUTPUT_NUMERIC_PRIO |
	NFT_CTX_OUTPUT_NUMERIC_SYMBOL |
	NFT_CTX_OUTPUT_NUMERIC_TIME;
export const NFT_CTX_OUTPUT_TERSE = 1 << 11;

/** What the tool asks of the network namespace about interfaces. */
export interface iface_lookup {
	/** 0 if there is no such device */
	if_nametoindex(name: string): number;
	/** null if there is no such device */
	if_indextoname(index: number): string | null;
}

/** How text is to look. */
export interface output_ctx {
	flags: number;
	ifaces: iface_lookup;
}

/** A value in the making: what a parse function answers. */
export interface parsed {
	dtype: datatype;
	byteorder: byteorder;
	/** bits */
	len: number;
	value: bigint;
}

/** A value to be printed. */
export interface printable {
	dtype: datatype;
	byteorder: byteorder;
	len: number;
	value: bigint;
}

/** A parse function answers a value or the sentence of an error. */
type parse_fn = (id: string, dtype: datatype, ifaces: iface_lookup) => parsed | string;
type print_fn = (e: printable, octx: output_ctx) => string;

/** One data type; derived types fall back to their base. */
export class datatype {
	type: number;
	name: string;
	desc: string;
	byteorder: byteorder;
	/** bits, 0: variable */
	size: number;
	subtypes = 0;
	basetype: datatype | null;
	/** digits after 0x, 0: as many as needed, -1: no format of its own */
	hexdigits = -1;
	prefix = false;
	sym_tbl: readonly (readonly [string, number])[] | null = null;
	quotes = false;
	parse: parse_fn | null = null;
	print: print_fn | null = null;

	constructor(
		type: number,
		name: string,
		desc: string,
		order: byteorder,
		size: number,
		basetype: datatype | null,
		more: Partial<
			Pick<
				datatype,
				'hexdigits' | 'prefix' | 'sym_tbl' | 'quotes' | 'parse' | 'print'
			>
		> = {},
	) {
		this.type = type;
		this.name = name;
		this.desc = desc;
		this.byteorder = order;
		this.size = size;
		this.basetype = basetype;
		Object.assign(this, more);
	}
}

/** Root of a type: integer, string, verdict, invalid or a concatenation. */
export function datatype_basetype(d: datatype): datatype {
	while (d.basetype !== null) d = d.basetype;
	return d;
}

/** The same type of data. */
export function datatype_equal(a: datatype, b: datatype): boolean {
	return a.type === b.type;
}

function integer_type_print(e: printable): string {
	for (let d: datatype | null = e.dtype; d !== null; d = d.basetype) {
		if (d.hexdigits >= 0) return `0x${e.value.toString(16).padStart(d.hexdigits, '0')}`;
	}
	return e.value.toString();
}

function integer_type_parse(id: string, dtype: datatype): parsed | string {
	const v = mpz_set_str(id);
	if (v === null) return `Could not parse ${dtype.desc}`;
	return { dtype, byteorder: BYTEORDER_HOST_ENDIAN, len: 1, value: v };
}

export const invalid_type: datatype = new datatype(
	TYPE_INVALID,
	'invalid',
	'invalid',
	BYTEORDER_INVALID,
	0,
	null,
	{
		print: (e) => `0x${e.value.toString(16)} [invalid type]`,
	},
);

export const verdict_type: datatype = new datatype(
	TYPE_VERDICT,
	'verdict',
	'netfilter verdict',
	BYTEORDER_INVALID,
	0,
	null,
);

export const integer_type: datatype = new datatype(
	TYPE_INTEGER,
	'integer',
	'integer',
	BYTEORDER_INVALID,
	0,
	null,
	{
		parse: integer_type_parse,
		print: integer_type_print,
	},
);

/** Integer that prints in hexadecimal: raw payload. */
export const xinteger_type: datatype = new datatype(
	TYPE_INTEGER,
	'integer',
	'integer',
	BYTEORDER_INVALID,
	0,
	integer_type,
	{ parse: integer_type_parse, print: (e) => `0x${e.value.toString(16)}` },
);

export const bitmask_type: datatype = new datatype(
	TYPE_BITMASK,
	'bitmask',
	'bitmask',
	BYTEORDER_INVALID,
	0,
	integer_type,
	{ hexdigits: 0 },
);

export const string_type: datatype = new datatype(
	TYPE_STRING,
	'string',
	'string',
	BYTEORDER_HOST_ENDIAN,
	0,
	null,
	{
		parse: (id) => ({
			dtype: string_type,
			byteorder: BYTEORDER_HOST_ENDIAN,
			len: (new TextEncoder().encode(id).length + 1) * 8,
			value: mpz_from_string(id),
		}),
		print: (e) => `"${mpz_to_string(e.value, div_round_up(e.len, 8))}"`,
	},
);

/** A type whose values have names. */
function symbolic(
	type: number,
	name: string,
	desc: string,
	order: byteorder,
	size: number,
	base: datatype,
	sym_tbl: readonly (readonly [string, number])[],
	more: Partial<Pick<datatype, 'hexdigits' | 'quotes'>> = {},
): datatype {
	return new datatype(type, name, desc, order, size, base, { sym_tbl, ...more });
}

export const nfproto_type: datatype = symbolic(
	TYPE_NFPROTO,
	'nf_proto',
	'netfilter protocol',
	BYTEORDER_INVALID,
	8,
	integer_type,
	[
		['ipv4', 2],
		['ipv6', 10],
	],
);

export const lladdr_type: datatype = new datatype(
	TYPE_LLADDR,
	'll_addr',
	'link layer address',
	BYTEORDER_BIG_ENDIAN,
	0,
	integer_type,
	{
		parse: (id, dtype) => {
			const bytes: number[] = [];
			for (const p of id.split(':')) {
				if (!/^[0-9a-fA-F]+$/.test(p) || parseInt(p, 16) > 255)
					return 'Invalid LL address';
				bytes.push(parseInt(p, 16));
			}
			return {
				dtype,
				byteorder: BYTEORDER_BIG_ENDIAN,
				len: bytes.length * 8,
				value: mpz_import_data(
					Uint8Array.from(bytes),
					BYTEORDER_BIG_ENDIAN,
				),
			};
		},
		print: (e) =>
			Array.from(
				mpz_export_data(
					e.value,
					BYTEORDER_BIG_ENDIAN,
					div_round_up(e.len, 8),
				),
				(b) => b.toString(16).padStart(2, '0'),
			).join(':'),
	},
);

export const ipaddr_type: datatype = new datatype(
	TYPE_IPADDR,
	'ipv4_addr',
	'IPv4 address',
	BYTEORDER_BIG_ENDIAN,
	32,
	integer_type,
	{
		prefix: true,
		parse: (id) => {
			const v = inet_aton(id);
			if (v === null)
				return `Could not resolve hostname: ${
					inet_pton6(id) === null
						? 'Name or service not known'
						: 'Address family for hostname not supported'
				}`;
			return {
				dtype: ipaddr_type,
				byteorder: BYTEORDER_BIG_ENDIAN,
				len: 32,
				value: BigInt(v),
			};
		},
		print: (e) => mpz_export_data(e.value, BYTEORDER_BIG_ENDIAN, 4).join('.'),
	},
);

export const ip6addr_type: datatype = new datatype(
	TYPE_IP6ADDR,
	'ipv6_addr',
	'IPv6 address',
	BYTEORDER_BIG_ENDIAN,
	128,
	integer_type,
	{
		prefix: true,
		parse: (id) => {
			const v = inet_pton6(id);
			if (v === null)
				return `Could not resolve hostname: ${
					inet_aton(id) === null
						? 'Name or service not known'
						: 'Address family for hostname not supported'
				}`;
			return {
				dtype: ip6addr_type,
				byteorder: BYTEORDER_BIG_ENDIAN,
				len: 128,
				value: mpz_import_data(v, BYTEORDER_BIG_ENDIAN),
			};
		},
		print: (e) => inet_ntop6(mpz_export_data(e.value, BYTEORDER_BIG_ENDIAN, 16)),
	},
);

export const etheraddr_type: datatype = new datatype(
	TYPE_ETHERADDR,
	'ether_addr',
	'Ethernet address',
	BYTEORDER_BIG_ENDIAN,
	48,
	lladdr_type,
);

export const ethertype_type: datatype = symbolic(
	TYPE_ETHERTYPE,
	'ether_type',
	'Ethernet protocol',
	BYTEORDER_BIG_ENDIAN,
	16,
	integer_type,
	[
		['ip', 0x0800],
		['arp', 0x0806],
		['ip6', 0x86dd],
		['8021q', 0x8100],
		['8021ad', 0x88a8],
		['vlan', 0x8100],
	],
	{ hexdigits: 4 },
);

export const arpop_type: datatype = symbolic(
	TYPE_ARPOP,
	'arp_op',
	'ARP operation',
	BYTEORDER_BIG_ENDIAN,
	16,
	integer_type,
	[
		['request', 1],
		['reply', 2],
		['rrequest', 3],
		['rreply', 4],
		['inrequest', 8],
		['inreply', 9],
		['nak', 10],
	],
);

export const inet_protocol_type: datatype = new datatype(
	TYPE_INET_PROTOCOL,
	'inet_proto',
	'Internet protocol',
	BYTEORDER_INVALID,
	8,
	integer_type,
	{
		parse: (id) => {
			let proto: number;
			const n = mpz_set_str(id);
			if (n !== null) {
				if (n < 0n || n > 255n) return 'Protocol out of range';
				proto = Number(n);
			} else {
				proto = getprotobyname(id);
				if (proto < 0) return 'Could not resolve protocol name';
			}
			return {
				dtype: inet_protocol_type,
				byteorder: BYTEORDER_HOST_ENDIAN,
				len: 8,
				value: BigInt(proto),
			};
		},
		print: (e, octx) => {
			if (!(octx.flags & NFT_CTX_OUTPUT_NUMERIC_PROTO)) {
				const name = getprotobynumber(Number(e.value));
				if (name !== null) return name;
			}
			return integer_type_print(e);
		},
	},
);

export const inet_service_type: datatype = new datatype(
	TYPE_INET_SERVICE,
	'inet_service',
	'internet network service',
	BYTEORDER_BIG_ENDIAN,
	16,
	integer_type,
	{
		parse: (id) => {
			let port: number;
			const n = mpz_set_str(id);
			if (n !== null) {
				if (n < 0n || n > 65535n) return 'Service out of range';
				port = Number(n);
			} else {
				port = getservbyname(id);
				if (port < 0)
					return 'Could not resolve service: Servname not supported for ai_socktype';
			}
			return {
				dtype: inet_service_type,
				byteorder: BYTEORDER_BIG_ENDIAN,
				len: 16,
				value: BigInt(port),
			};
		},
		print: (e, octx) => {
			if (octx.flags & NFT_CTX_OUTPUT_SERVICE) {
				const name = getservbyport(Number(e.value));
				return name === null ? e.value.toString() : `"${name}"`;
			}
			return integer_type_print(e);
		},
	},
);

export const icmp_type_type: datatype = symbolic(
	TYPE_ICMP_TYPE,
	'icmp_type',
	'ICMP type',
	BYTEORDER_BIG_ENDIAN,
	8,
	integer_type,
	[
		['echo-reply', 0],
		['destination-unreachable', 3],
		['source-quench', 4],
		['redirect', 5],
		['echo-request', 8],
		['router-advertisement', 9],
		['router-solicitation', 10],
		['time-exceeded', 11],
		['parameter-problem', 12],
		['timestamp-request', 13],
		['timestamp-reply', 14],
		['info-request', 15],
		['info-reply', 16],
		['address-mask-request', 17],
		['address-mask-reply', 18],
	],
);

export const icmp6_type_type: datatype = symbolic(
	TYPE_ICMP6_TYPE,
	'icmpv6_type',
	'ICMPv6 type',
	BYTEORDER_BIG_ENDIAN,
	8,
	integer_type,
	[
		['destination-unreachable', 1],
		['packet-too-big', 2],
		['time-exceeded', 3],
		['parameter-problem', 4],
		['echo-request', 128],
		['echo-reply', 129],
		['mld-listener-query', 130],
		['mld-listener-report', 131],
		['mld-listener-done', 132],
		['mld-listener-reduction', 132],
		['nd-router-solicit', 133],
		['nd-router-advert', 134],
		['nd-neighbor-solicit', 135],
		['nd-neighbor-advert', 136],
		['nd-redirect', 137],
		['router-renumbering', 138],
		['ind-neighbor-solicit', 141],
		['ind-neighbor-advert', 142],
		['mld2-listener-report', 143],
	],
);

export const igmp_type_type: datatype = symbolic(
	TYPE_IGMP_TYPE,
	'igmp_type',
	'IGMP type',
	BYTEORDER_BIG_ENDIAN,
	8,
	integer_type,
	[
		['membership-query', 0x11],
		['membership-report-v1', 0x12],
		['membership-report-v2', 0x16],
		['membership-report-v3', 0x22],
		['leave-group', 0x17],
	],
);

export const icmp_code_type: datatype = symbolic(
	TYPE_ICMP_CODE,
	'icmp_code',
	'icmp code',
	BYTEORDER_BIG_ENDIAN,
	8,
	integer_type,
	[
		['net-unreachable', 0],
		['host-unreachable', 1],
		['prot-unreachable', 2],
		['port-unreachable', 3],
		['net-prohibited', 9],
		['host-prohibited', 10],
		['admin-prohibited', 13],
		['frag-needed', 4],
	],
);

export const icmpv6_code_type: datatype = symbolic(
	TYPE_ICMPV6_CODE,
	'icmpv6_code',
	'icmpv6 code',
	BYTEORDER_BIG_ENDIAN,
	8,
	integer_type,
	[
		['no-route', 0],
		['admin-prohibited', 1],
		['addr-unreachable', 3],
		['port-unreachable', 4],
		['policy-fail', 5],
		['reject-route', 6],
	],
);

export const icmpx_code_type: datatype = symbolic(
	TYPE_ICMPX_CODE,
	'icmpx_code',
	'icmpx code',
	BYTEORDER_BIG_ENDIAN,
	8,
	integer_type,
	[
		['port-unreachable', 1],
		['admin-prohibited', 3],
		['no-route', 0],
		['host-unreachable', 2],
	],
);

export const tcp_flag_type: datatype = symbolic(
	TYPE_TCP_FLAG,
	'tcp_flag',
	'TCP flag',
	BYTEORDER_BIG_ENDIAN,
	8,
	bitmask_type,
	[
		['fin', 0x01],
		['syn', 0x02],
		['rst', 0x04],
		['psh', 0x08],
		['ack', 0x10],
		['urg', 0x20],
		['ecn', 0x40],
		['cwr', 0x80],
	],
);

export const dccp_pkttype_type: datatype = symbolic(
	TYPE_DCCP_PKTTYPE,
	'dccp_pkttype',
	'DCCP packet type',
	BYTEORDER_INVALID,
	4,
	integer_type,
	[
		['request', 0],
		['response', 1],
		['data', 2],
		['ack', 3],
		['dataack', 4],
		['closereq', 5],
		['close', 6],
		['reset', 7],
		['sync', 8],
		['syncack', 9],
	],
);

export const dscp_type: datatype = symbolic(
	TYPE_DSCP,
	'dscp',
	'Differentiated Services Code Point',
	BYTEORDER_BIG_ENDIAN,
	6,
	integer_type,
	[
		['cs0', 0x00],
		['cs1', 0x08],
		['cs2', 0x10],
		['cs3', 0x18],
		['cs4', 0x20],
		['cs5', 0x28],
		['cs6', 0x30],
		['cs7', 0x38],
		['df', 0x00],
		['be', 0x00],
		['lephb', 0x01],
		['af11', 0x0a],
		['af12', 0x0c],
		['af13', 0x0e],
		['af21', 0x12],
		['af22', 0x14],
		['af23', 0x16],
		['af31', 0x1a],
		['af32', 0x1c],
		['af33', 0x1e],
		['af41', 0x22],
		['af42', 0x24],
		['af43', 0x26],
		['va', 0x2c],
		['ef', 0x2e],
	],
	{ hexdigits: 2 },
);

export const ecn_type: datatype = symbolic(
	TYPE_ECN,
	'ecn',
	'Explicit Congestion Notification',
	BYTEORDER_BIG_ENDIAN,
	2,
	integer_type,
	[
		['not-ect', 0x00],
		['ect1', 0x01],
		['ect0', 0x02],
		['ce', 0x03],
	],
	{ hexdigits: 1 },
);

/** Milliseconds of a time text such as 1d2h3m4s5ms, or the sentence of an error. */
export function time_parse(s: string): number | string {
	if (/^\d+$/.test(s)) return Number(s) * 1000;
	const unit: Readonly<Record<string, readonly [number, string]>> = {
		d: [86400000, 'Day'],
		h: [3600000, 'Hour'],
		m: [60000, 'Minute'],
		s: [1000, 'Second'],
		ms: [1, 'Millisecond'],
	};
	const seen = new Set<string>();
	let ms = 0;
	let rest = s;
	while (rest !== '') {
		const m = /^(\d*)(ms|[dhms])/.exec(rest);
		/* a number at the end without a unit does not count */
		if (m === null && ms > 0 && /^\d+$/.test(rest)) break;
		if (m === null) return 'wrong time format';
		if (m[1].length > 8) return 'value too large';
		if (seen.has(m[2])) return `${unit[m[2]][1]} has been specified twice`;
		seen.add(m[2]);
		ms += Number(m[1] || 0) * unit[m[2]][0];
		rest = rest.slice(m[0].length);
	}
	return ms;
}

/** Text of a time in milliseconds. */
export function time_print(ms: number, octx: output_ctx): string {
	if (octx.flags & NFT_CTX_OUTPUT_NUMERIC_TIME) return `${Math.floor(ms / 1000)}s`;
	let out = '';
	for (const [name, n] of [
		['d', 86400000],
		['h', 3600000],
		['m', 60000],
		['s', 1000],
		['ms', 1],
	] as const) {
		if (ms >= n) {
			out += `${Math.floor(ms / n)}${name}`;
			ms %= n;
		}
	}
	return out;
}

export const time_type: datatype = new datatype(
	TYPE_TIME,
	'time',
	'relative time',
	BYTEORDER_HOST_ENDIAN,
	32,
	integer_type,
	{
		parse: (id) => {
			const ms = time_parse(id);
			if (typeof ms === 'string') return ms;
			if (ms > 0xffffffff) return 'value too large';
			return {
				dtype: time_type,
				byteorder: BYTEORDER_HOST_ENDIAN,
				len: 32,
				value: BigInt(ms),
			};
		},
		print: (e, octx) => time_print(Number(e.value), octx),
	},
);

/* what strptime() takes of a clock: h:m, or h:m:s with leap seconds */
const clock = String.raw`\s*(2[0-3]|[01]?\d):\s*([0-5]?\d)(?::\s*(6[01]|[0-5]?\d))?`;

/** What strtoul() makes of all of a text, null when it is no number. */
function strtoul(text: string): bigint | null {
	const m = /^\s*([-+]?)(\d+)$/.exec(text);
	if (m === null) return null;
	const n = BigInt(m[2]);
	const all = 0xffffffffffffffffn;
	return n > all ? all : BigInt.asUintN(64, m[1] === '-' ? -n : n);
}

/** Seconds since 1970 of a date, with a time of day or not; the rest of the text does not count. Null: no date. */
function parse_iso_date(text: string): bigint | null {
	const m = /^\s*(-?\d{1,4})-\s*(1[0-2]|0?[1-9])-\s*(3[01]|[12]\d|0?[1-9])(.*)$/s.exec(text);
	if (m === null) return null;
	const [, y, mon, day, rest] = m;
	const at = new RegExp(`^\\s*${clock}`).exec(rest) ?? [];
	const [h, min, sec] = [at[1], at[2], at[3]].map((n) => Number(n ?? 0));
	const d = new Date(0);
	d.setUTCFullYear(Number(y), Number(mon) - 1, Number(day));
	d.setUTCHours(h, min, sec);
	return BigInt(d.getTime()) / 1000n;
}

/** When a packet came: ns since 1970, written as a date. The time zone is UTC. */
export const date_type: datatype = new datatype(
	TYPE_TIME_DATE,
	'time',
	'Relative time of packet reception',
	BYTEORDER_HOST_ENDIAN,
	64,
	integer_type,
	{
		parse: (id, dtype) => {
			const s = parse_iso_date(id) ?? strtoul(id);
			if (s === null) return 'Cannot parse date';
			const value = BigInt.asUintN(64, s * 1000000000n);
			return { dtype, byteorder: BYTEORDER_HOST_ENDIAN, len: 64, value };
		},
		print: (e) => {
			const d = new Date(Number(e.value / 1000000000n) * 1000);
			return `"${d.toISOString().replace('T', ' ').slice(0, -5)}"`;
		},
	},
);

/** Day of the week on which a packet came. */
export const day_type: datatype = symbolic(
	TYPE_TIME_DAY,
	'day',
	'Day of week of packet reception',
	BYTEORDER_HOST_ENDIAN,
	8,
	integer_type,
	['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'].map((d, i) => [d, i]),
);
day_type.quotes = true;

function hour_type_parse(id: string): number | string {
	const n = strtoul(id);
	if (n !== null) return Number(BigInt.asUintN(32, n));
	const m = new RegExp(`^${clock}(.*)$`, 's').exec(id);
	if (m !== null) {
		if (m[4] !== '') return `Can't parse trailing input: "${m[4]}"\n`;
		return Number(m[1]) * 3600 + Number(m[2]) * 60 + Number(m[3] ?? 0);
	}
	const ms = time_parse(id);
	return typeof ms === 'string' ? ms : Math.floor(ms / 1000) % 86400;
}

/** Time of day at which a packet came: seconds. */
export const hour_type: datatype = new datatype(
	TYPE_TIME_HOUR,
	'hour',
	'Hour of day of packet reception',
	BYTEORDER_HOST_ENDIAN,
	64,
	integer_type,
	{
		parse: (id, dtype) => {
			const s = hour_type_parse(id);
			if (typeof s === 'string') return s;
			return { dtype, byteorder: BYTEORDER_HOST_ENDIAN, len: 32, value: BigInt(s) };
		},
		print: (e) => {
			const s = Number(e.value) % 86400;
			const two = (n: number): string => String(n).padStart(2, '0');
			const text = `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}`;
			return s % 60 === 0 ? `"${text}"` : `"${text}:${two(s % 60)}"`;
		},
	},
);

export const mark_type: datatype = new datatype(
	TYPE_MARK,
	'mark',
	'packet mark',
	BYTEORDER_HOST_ENDIAN,
	32,
	integer_type,
	{ hexdigits: 8, prefix: true, sym_tbl: [], quotes: true },
);

export const devgroup_type: datatype = new datatype(
	TYPE_DEVGROUP,
	'devgroup',
	'devgroup name',
	BYTEORDER_HOST_ENDIAN,
	32,
	integer_type,
	{ prefix: true, sym_tbl: [['default', 0]], quotes: true },
);

export const ifindex_type: datatype = new datatype(
	TYPE_IFINDEX,
	'iface_index',
	'network interface index',
	BYTEORDER_HOST_ENDIAN,
	32,
	integer_type,
	{
		parse: (id, dtype, ifaces) => {
			let index = ifaces.if_nametoindex(id);
			if (index === 0) {
				if (!/^\s*\+?\d+$/.test(id) || Number(id) > 0x7fffffff)
					return 'Interface does not exist';
				index = Number(id);
			}
			return {
				dtype,
				byteorder: BYTEORDER_HOST_ENDIAN,
				len: 32,
				value: BigInt(index),
			};
		},
		print: (e, octx) => {
			const name = octx.ifaces.if_indextoname(Number(e.value));
			return name === null ? e.value.toString() : `"${name}"`;
		},
	},
);

export const ifname_type: datatype = new datatype(
	TYPE_IFNAME,
	'ifname',
	'network interface name',
	BYTEORDER_HOST_ENDIAN,
	IFNAMSIZ * 8,
	string_type,
);

export const arphrd_type: datatype = symbolic(
	TYPE_ARPHRD,
	'iface_type',
	'network interface type',
	BYTEORDER_HOST_ENDIAN,
	16,
	integer_type,
	[
		['ether', 1],
		['ppp', 512],
		['ipip', 768],
		['ipip6', 769],
		['loopback', 772],
		['sit', 776],
		['ipgre', 778],
	],
);

function id_parse(what: string, tbl: Readonly<Record<string, number>>): parse_fn {
	return (id, dtype) => {
		const n = tbl[id] ?? (/^\d+$/.test(id) ? Number(id) : -1);
		if (n > 0xffffffff) return 'Value too large';
		if (n < 0) return `${what} does not exist`;
		return { dtype, byteorder: BYTEORDER_HOST_ENDIAN, len: 32, value: BigInt(n) };
	};
}

function id_print(tbl: Readonly<Record<string, number>>): print_fn {
	return (e, octx) => {
		const hit = Object.entries(tbl).find((u) => BigInt(u[1]) === e.value);
		if (octx.flags & NFT_CTX_OUTPUT_GUID && hit !== undefined) return `"${hit[0]}"`;
		return e.value.toString();
	};
}

export const uid_type: datatype = new datatype(
	TYPE_UID,
	'uid',
	'user ID',
	BYTEORDER_HOST_ENDIAN,
	32,
	integer_type,
	{ parse: id_parse('User', users), print: id_print(users) },
);

export const gid_type: datatype = new datatype(
	TYPE_GID,
	'gid',
	'group ID',
	BYTEORDER_HOST_ENDIAN,
	32,
	integer_type,
	{ parse: id_parse('Group', groups), print: id_print(groups) },
);

export const tchandle_type: datatype = new datatype(
	TYPE_CLASSID,
	'classid',
	'TC classid',
	BYTEORDER_HOST_ENDIAN,
	32,
	integer_type,
	{
		parse: (id, dtype) => {
			let v: number;
			const m = /^([0-9a-fA-F]*):([0-9a-fA-F]*)$/.exec(id);
			if (id === 'root') v = 0xffffffff;
			else if (id === 'none') v = 0;
			else if (m !== null)
				v = parseInt(m[1] || '0', 16) * 65536 + parseInt(m[2] || '0', 16);
			else v = Number(id) || 0;
			return {
				dtype,
				byteorder: BYTEORDER_HOST_ENDIAN,
				len: 32,
				value: BigInt(v),
			};
		},
		print: (e) => {
			const v = Number(e.value);
			if (v === 0xffffffff) return 'root';
			if (v === 0) return 'none';
			return `${(v >>> 16).toString(16)}:${(v & 0xffff).toString(16)}`;
		},
	},
);

export const pkttype_type: datatype = symbolic(
	TYPE_PKTTYPE,
	'pkt_type',
	'packet type',
	BYTEORDER_HOST_ENDIAN,
	8,
	integer_type,
	[
		['host', 0],
		['unicast', 0],
		['broadcast', 1],
		['multicast', 2],
		['other', 3],
	],
);

export const ct_state_type: datatype = symbolic(
	TYPE_CT_STATE,
	'ct_state',
	'conntrack state',
	BYTEORDER_HOST_ENDIAN,
	32,
	bitmask_type,
	[
		['invalid', 1],
		['new', 8],
		['established', 2],
		['related', 4],
		['untracked', 64],
	],
);

export const ct_dir_tbl: readonly (readonly [string, number])[] = [
	['original', 0],
	['reply', 1],
];

export const ct_dir_type: datatype = symbolic(
	TYPE_CT_DIR,
	'ct_dir',
	'conntrack direction',
	BYTEORDER_INVALID,
	8,
	integer_type,
	ct_dir_tbl,
);

export const ct_status_type: datatype = symbolic(
	TYPE_CT_STATUS,
	'ct_status',
	'conntrack status',
	BYTEORDER_HOST_ENDIAN,
	32,
	bitmask_type,
	[
		['expected', 1 << 0],
		['seen-reply', 1 << 1],
		['assured', 1 << 2],
		['confirmed', 1 << 3],
		['snat', 1 << 4],
		['dnat', 1 << 5],
		['dying', 1 << 9],
	],
);

export const ct_event_type: datatype = symbolic(
	TYPE_CT_EVENTBIT,
	'ct_event',
	'conntrack event bits',
	BYTEORDER_HOST_ENDIAN,
	32,
	bitmask_type,
	[
		['new', 1 << 0],
		['related', 1 << 1],
		['destroy', 1 << 2],
		['reply', 1 << 3],
		['assured', 1 << 4],
		['protoinfo', 1 << 5],
		['helper', 1 << 6],
		['mark', 1 << 7],
		['seqadj', 1 << 8],
		['secmark', 1 << 9],
		['label', 1 << 10],
	],
);

export const fib_addr_type: datatype = symbolic(
	TYPE_FIB_ADDR,
	'fib_addrtype',
	'fib address type',
	BYTEORDER_HOST_ENDIAN,
	32,
	integer_type,
	[
		['unspec', 0],
		['unicast', 1],
		['local', 2],
		['broadcast', 3],
		['anycast', 4],
		['multicast', 5],
		['blackhole', 6],
		['unreachable', 7],
		['prohibit', 8],
	],
);

export const boolean_type: datatype = symbolic(
	TYPE_BOOLEAN,
	'boolean',
	'boolean type',
	BYTEORDER_INVALID,
	1,
	integer_type,
	[
		['exists', 1],
		['missing', 0],
	],
);

/** Priority of a chain: a number, or a name that is resolved with family and hook. */
export const priority_type: datatype = new datatype(
	TYPE_STRING,
	'priority',
	'priority type',
	BYTEORDER_INVALID,
	0,
	null,
	{
		parse: (id) => {
			if (mpz_set_str(id) !== null)
				return {
					dtype: integer_type,
					byteorder: BYTEORDER_HOST_ENDIAN,
					len: 32,
					value: BigInt.asUintN(32, BigInt(parseInt(id, 10))),
				};
			return {
				dtype: string_type,
				byteorder: BYTEORDER_HOST_ENDIAN,
				len: id.length * 8,
				value: mpz_from_string(id),
			};
		},
	},
);

/** Policy of a chain. */
export const policy_type: datatype = new datatype(
	TYPE_STRING,
	'policy',
	'policy type',
	BYTEORDER_INVALID,
	0,
	null,
	{
		parse: (id) => {
			if (id !== 'accept' && id !== 'drop') return 'wrong policy';
			return {
				dtype: integer_type,
				byteorder: BYTEORDER_HOST_ENDIAN,
				len: 32,
				value: id === 'accept' ? 1n : 0n,
			};
		},
	},
);

const datatypes: readonly datatype[] = [
	invalid_type,
	verdict_type,
	nfproto_type,
	bitmask_type,
	integer_type,
	string_type,
	lladdr_type,
	ipaddr_type,
	ip6addr_type,
	etheraddr_type,
	ethertype_type,
	arpop_type,
	inet_protocol_type,
	inet_service_type,
	icmp_type_type,
	tcp_flag_type,
	dccp_pkttype_type,
	time_type,
	mark_type,
	ifindex_type,
	arphrd_type,
	tchandle_type,
	uid_type,
	gid_type,
	ct_state_type,
	ct_dir_type,
	ct_status_type,
	icmp6_type_type,
	pkttype_type,
	icmp_code_type,
	icmpv6_code_type,
	icmpx_code_type,
	devgroup_type,
	dscp_type,
	ecn_type,
	fib_addr_type,
	boolean_type,
	ifname_type,
	igmp_type_type,
	date_type,
	hour_type,
	day_type,
];

/** Type of a number, null if there is none. */
export function datatype_lookup(type: number): datatype | null {
	return datatypes.find((d) => d.type === type) ?? null;
}

/** Type of a name, null if there is none. */
export function datatype_lookup_byname(name: string): datatype | null {
	return datatypes.find((d) => d.name === name) ?? null;
}

/** Adds a component to the number of a concatenated type. */
export function concat_subtype_add(type: number, subtype: number): number {
	return ((type << TYPE_BITS) | subtype) >>> 0;
}

/** Component n of a concatenated type, counted from the right. */
export function concat_subtype_lookup(type: number, n: number): datatype {
	return datatype_lookup((type >>> (TYPE_BITS * n)) & TYPE_MASK) ?? invalid_type;
}

/** The type of a concatenation. */
export function concat_type_alloc(type: number): datatype {
	const parts: datatype[] = [];
	let n = div_round_up(32 - Math.clz32(type), TYPE_BITS);
	while (n > 0 && (type >>> (TYPE_BITS * (n - 1))) & TYPE_MASK) {
		n--;
		parts.push(concat_subtype_lookup(type, n));
	}
	const d = new datatype(
		type,
		parts.map((p) => p.name).join(' . '),
		`concatenation of (${parts.map((p) => p.desc).join(', ')})`,
		BYTEORDER_INVALID,
		parts.reduce((s, p) => s + netlink_padded_len(p.size), 0),
		null,
		{ parse: (_, dtype) => `invalid data type, expected ${dtype.desc}` },
	);
	d.subtypes = parts.length;
	return d;
}

/** A type as set key or data: integers get the byte order of the expression. */
export function set_datatype_alloc(d: datatype, order: byteorder): datatype {
	if (d !== integer_type) return d;
	return datatype_clone(d, d.size, order);
}

/** The same type in another size and byte order. */
export function datatype_clone(d: datatype, size: number, order: byteorder): datatype {
	const c = new datatype(d.type, d.name, d.desc, order, size, d.basetype, {
		hexdigits: d.hexdigits,
		prefix: d.prefix,
		sym_tbl: d.sym_tbl,
		quotes: d.quotes,
		parse: d.parse,
		print: d.print,
	});
	c.subtypes = d.subtypes;
	return c;
}

function symbolic_constant_parse(
	id: string,
	dtype: datatype,
	tbl: readonly (readonly [string, number])[],
	ifaces: iface_lookup,
): parsed | string {
	for (const [name, value] of tbl) {
		if (name === id)
			return {
				dtype,
				byteorder: dtype.byteorder,
				len: dtype.size,
				value: BigInt(value),
			};
	}
	for (let d: datatype = dtype; d.basetype !== null; d = d.basetype) {
		if (d.basetype.parse !== null) return d.basetype.parse(id, dtype, ifaces);
	}
	return `Could not parse ${dtype.desc}`;
}

/** Value of a symbol in the context of a type, or the sentence of an error. */
export function symbol_parse(id: string, dtype: datatype, ifaces: iface_lookup): parsed | string {
	for (let d: datatype | null = dtype; d !== null; d = d.basetype) {
		if (d.parse !== null) return d.parse(id, dtype, ifaces);
		if (d.sym_tbl !== null)
			return symbolic_constant_parse(id, dtype, d.sym_tbl, ifaces);
	}
	return `Can't parse symbolic ${dtype.desc} expressions`;
}

/** Text of a value. */
export function datatype_print(e: printable, octx: output_ctx): string {
	for (let d: datatype | null = e.dtype; d !== null; d = d.basetype) {
		if (d.print !== null) return d.print(e, octx);
		if (d.sym_tbl !== null) {
			const hit = d.sym_tbl.find((s) => BigInt(s[1]) === e.value);
			if (hit === undefined || octx.flags & NFT_CTX_OUTPUT_NUMERIC_SYMBOL) {
				const base = datatype_basetype(e.dtype);
				return base.print === null
					? e.value.toString()
					: base.print(e, octx);
			}
			return d.quotes ? `"${hit[0]}"` : hit[0];
		}
	}
	return invalid_type.print === null ? '' : invalid_type.print(e, octx);
}
