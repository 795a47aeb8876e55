// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, expressions.
 * Modelled on expression.c, payload.c, meta.c, ct.c, fib.c and numgen.c of nftables 1.0.6: one node
 * type for all expressions, as the C has one structure with a union. Fields that a kind of expression
 * does not use keep their initial values; unused branches point to expr.nil.
 * Not here: exthdr, rt, socket, osf, hash and xfrm expressions and the catch-all element.
 */

import {
	NFPROTO_INET,
	NFPROTO_NETDEV,
	NFPROTO_BRIDGE,
	NF_ACCEPT,
	NF_DROP,
	NF_QUEUE,
	NF_STOLEN,
	NF_VERDICT_MASK,
} from '../../../../../include/uapi/linux/netfilter.ts';
import {
	NFTA_FIB_F_DADDR,
	NFTA_FIB_F_IIF,
	NFTA_FIB_F_MARK,
	NFTA_FIB_F_OIF,
	NFTA_FIB_F_PRESENT,
	NFTA_FIB_F_SADDR,
	NFT_BREAK,
	NFT_CONTINUE,
	NFT_CT_AVGPKT,
	NFT_CT_BYTES,
	NFT_CT_DIRECTION,
	NFT_CT_DST,
	NFT_CT_DST_IP,
	NFT_CT_DST_IP6,
	NFT_CT_EVENTMASK,
	NFT_CT_EXPIRATION,
	NFT_CT_HELPER,
	NFT_CT_ID,
	NFT_CT_L3PROTOCOL,
	NFT_CT_MARK,
	NFT_CT_PKTS,
	NFT_CT_PROTOCOL,
	NFT_CT_PROTO_DST,
	NFT_CT_PROTO_SRC,
	NFT_CT_SRC,
	NFT_CT_SRC_IP,
	NFT_CT_SRC_IP6,
	NFT_CT_STATE,
	NFT_CT_STATUS,
	NFT_CT_ZONE,
	NFT_FIB_RESULT_ADDRTYPE,
	NFT_FIB_RESULT_OIF,
	NFT_FIB_RESULT_OIFNAME,
	NFT_GOTO,
	NFT_JUMP,
	NFT_META_BRI_IIFNAME,
	NFT_META_BRI_IIFPVID,
	NFT_META_BRI_IIFVPROTO,
	NFT_META_BRI_OIFNAME,
	NFT_META_CGROUP,
	NFT_META_CPU,
	NFT_META_IIF,
	NFT_META_IIFGROUP,
	NFT_META_IIFKIND,
	NFT_META_IIFNAME,
	NFT_META_IIFTYPE,
	NFT_META_L4PROTO,
	NFT_META_LEN,
	NFT_META_MARK,
	NFT_META_NFPROTO,
	NFT_META_NFTRACE,
	NFT_META_OIF,
	NFT_META_OIFGROUP,
	NFT_META_OIFKIND,
	NFT_META_OIFNAME,
	NFT_META_OIFTYPE,
	NFT_META_PKTTYPE,
	NFT_META_PRANDOM,
	NFT_META_PRIORITY,
	NFT_META_PROTOCOL,
	NFT_META_SDIF,
	NFT_META_SDIFNAME,
	NFT_META_TIME_DAY,
	NFT_META_TIME_HOUR,
	NFT_META_TIME_NS,
	NFT_META_SECPATH,
	NFT_META_SKGID,
	NFT_META_SKUID,
	NFT_NG_INCREMENTAL,
	NFT_RETURN,
	NFT_SET_ANONYMOUS,
	NFT_SET_EVAL,
} from '../../../../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	IFNAMSIZ,
	NFT_CTX_OUTPUT_GUID,
	NFT_CTX_OUTPUT_NUMERIC_ALL,
	NFT_CTX_OUTPUT_REVERSEDNS,
	NFT_CTX_OUTPUT_SERVICE,
	NFT_CTX_OUTPUT_STATELESS,
	TYPE_ARPOP,
	TYPE_BITMASK,
	TYPE_CLASSID,
	TYPE_CT_DIR,
	TYPE_CT_STATE,
	TYPE_CT_STATUS,
	TYPE_DCCP_PKTTYPE,
	TYPE_GID,
	TYPE_IFINDEX,
	TYPE_INET_PROTOCOL,
	TYPE_INET_SERVICE,
	TYPE_INTEGER,
	TYPE_IPADDR,
	TYPE_MARK,
	TYPE_NFPROTO,
	TYPE_PKTTYPE,
	TYPE_TCP_FLAG,
	TYPE_UID,
	TYPE_VERDICT,
	arphrd_type,
	boolean_type,
	ct_dir_tbl,
	ct_dir_type,
	ct_event_type,
	ct_state_type,
	ct_status_type,
	type datatype,
	datatype_basetype,
	datatype_print,
	date_type,
	day_type,
	devgroup_type,
	ethertype_type,
	fib_addr_type,
	gid_type,
	hour_type,
	ifindex_type,
	ifname_type,
	inet_protocol_type,
	inet_service_type,
	integer_type,
	invalid_type,
	ip6addr_type,
	ipaddr_type,
	mark_type,
	nfproto_type,
	type output_ctx,
	pkttype_type,
	string_type,
	tchandle_type,
	time_print,
	time_type,
	uid_type,
	verdict_type,
	xinteger_type,
} from './datatype.ts';
import { type location, internal_location } from './erec.ts';
import {
	BYTEORDER_BIG_ENDIAN,
	BYTEORDER_HOST_ENDIAN,
	BYTEORDER_INVALID,
	type byteorder,
	div_round_up,
	mpz_bitmask,
	mpz_from_string,
	mpz_popcount,
	mpz_scan1,
	mpz_to_string,
} from './mpz.ts';
import {
	ICMP6_ECHO_REPLY,
	ICMP6_ECHO_REQUEST,
	ICMP_ECHO,
	PROTO_BASE_INVALID,
	PROTO_BASE_LL_HDR,
	PROTO_BASE_NETWORK_HDR,
	PROTO_BASE_TRANSPORT_HDR,
	hook_proto_desc,
	proto_base_tokens,
	type proto_ctx,
	type proto_desc,
	proto_dev_desc,
	proto_find_upper,
	type proto_hdr_template,
	proto_icmp,
	proto_icmp6,
	proto_inet,
	proto_inet_service,
	proto_ip,
	proto_ip6,
	proto_th,
	proto_unknown,
	proto_unknown_template,
} from './proto.ts';
import type { nft_set } from './rule.ts';
import type { stmt } from './stmt.ts';

export const EXPR_INVALID = 0;
export const EXPR_VERDICT = 1;
export const EXPR_SYMBOL = 2;
export const EXPR_VARIABLE = 3;
export const EXPR_VALUE = 4;
export const EXPR_PREFIX = 5;
export const EXPR_RANGE = 6;
export const EXPR_PAYLOAD = 7;
export const EXPR_META = 9;
export const EXPR_CT = 12;
export const EXPR_CONCAT = 13;
export const EXPR_LIST = 14;
export const EXPR_SET = 15;
export const EXPR_SET_REF = 16;
export const EXPR_SET_ELEM = 17;
export const EXPR_MAPPING = 18;
export const EXPR_MAP = 19;
export const EXPR_UNARY = 20;
export const EXPR_BINOP = 21;
export const EXPR_RELATIONAL = 22;
export const EXPR_NUMGEN = 23;
export const EXPR_FIB = 26;
export const EXPR_FLAGCMP = 29;

const names: Readonly<Record<number, string>> = {
	[EXPR_VERDICT]: 'verdict',
	[EXPR_SYMBOL]: 'symbol',
	[EXPR_VARIABLE]: 'variable',
	[EXPR_VALUE]: 'value',
	[EXPR_PREFIX]: 'prefix',
	[EXPR_RANGE]: 'range',
	[EXPR_PAYLOAD]: 'payload',
	[EXPR_META]: 'meta',
	[EXPR_CT]: 'ct',
	[EXPR_CONCAT]: 'concat',
	[EXPR_LIST]: 'list',
	[EXPR_SET]: 'set',
	[EXPR_SET_REF]: 'set reference',
	[EXPR_SET_ELEM]: 'set element',
	[EXPR_MAPPING]: 'mapping',
	[EXPR_MAP]: 'map',
	[EXPR_UNARY]: 'unary',
	[EXPR_BINOP]: 'binop',
	[EXPR_RELATIONAL]: 'relational',
	[EXPR_NUMGEN]: 'numgen',
	[EXPR_FIB]: 'fib',
	[EXPR_FLAGCMP]: 'flags comparison',
};

export const OP_INVALID = 0;
export const OP_IMPLICIT = 1;
export const OP_HTON = 2;
export const OP_NTOH = 3;
export const OP_LSHIFT = 4;
export const OP_RSHIFT = 5;
export const OP_AND = 6;
export const OP_XOR = 7;
export const OP_OR = 8;
export const OP_EQ = 9;
export const OP_NEQ = 10;
export const OP_LT = 11;
export const OP_GT = 12;
export const OP_LTE = 13;
export const OP_GTE = 14;
export const OP_NEG = 15;

export const expr_op_symbols: Readonly<Record<number, string>> = {
	[OP_HTON]: 'hton',
	[OP_NTOH]: 'ntoh',
	[OP_AND]: '&',
	[OP_OR]: '|',
	[OP_XOR]: '^',
	[OP_LSHIFT]: '<<',
	[OP_RSHIFT]: '>>',
	[OP_EQ]: '==',
	[OP_NEQ]: '!=',
	[OP_LT]: '<',
	[OP_GT]: '>',
	[OP_LTE]: '<=',
	[OP_GTE]: '>=',
	[OP_NEG]: '!',
};

export const EXPR_F_CONSTANT = 0x1;
export const EXPR_F_SINGLETON = 0x2;
export const EXPR_F_PROTOCOL = 0x4;
export const EXPR_F_INTERVAL_END = 0x8;
export const EXPR_F_BOOLEAN = 0x10;
export const EXPR_F_INTERVAL = 0x20;
export const EXPR_F_KERNEL = 0x40;
export const EXPR_F_REMOVE = 0x80;

/** The last open end of an interval set, in an element's user data. */
export const NFTNL_SET_ELEM_F_INTERVAL_OPEN = 1;

/** A name that `define` gave to an expression. */
export class symbol_def {
	identifier: string;
	expr: expr;

	constructor(identifier: string, e: expr) {
		this.identifier = identifier;
		this.expr = e;
	}
}

/** An expression. */
export class expr {
	static readonly nil: expr = new expr(
		0,
		internal_location,
		invalid_type,
		BYTEORDER_INVALID,
		0,
	);

	etype: number;
	location: location;
	flags = 0;
	dtype: datatype;
	byteorder: byteorder;
	/** bits */
	len: number;
	op = OP_INVALID;

	/* symbol, variable, value, verdict */
	identifier = '';
	is_set_symbol = false;
	sym: symbol_def | null = null;
	value = 0n;
	verdict = 0;
	chain: expr | null = null;
	chain_id = 0;

	/* binop, relational, range, mapping, map; prefix and unary use left; flagcmp: left, value, mask */
	left: expr = expr.nil;
	right: expr = expr.nil;
	mask: expr = expr.nil;
	prefix_len = 0;

	/* concat, list, set */
	expressions: expr[] = [];
	/** number of elements that the user wrote */
	size = 0;
	set_flags = 0;
	/** bytes of each component */
	field_len: number[] = [];

	/* set reference */
	set: nft_set | null = null;

	/* set element */
	key: expr = expr.nil;
	/** ms */
	timeout = 0;
	/** ms */
	expiration = 0;
	comment: string | null = null;
	stmt_list: stmt[] = [];
	elem_flags = 0;

	/* payload; offset in bits */
	desc: proto_desc = proto_unknown;
	tmpl: proto_hdr_template = proto_unknown_template;
	base = PROTO_BASE_INVALID;
	offset = 0;
	is_raw = false;
	evaluated = false;

	/* meta, ct */
	meta_key = -1;
	ct_key = -1;
	direction = -1;
	nfproto = 0;

	/* fib, numgen */
	fib_result = 0;
	fib_flags = 0;
	ng_type = 0;
	ng_mod = 0;
	ng_offset = 0;

	constructor(etype: number, loc: location, dtype: datatype, order: byteorder, len: number) {
		this.etype = etype;
		this.location = loc;
		this.dtype = dtype;
		this.byteorder = order;
		this.len = len;
	}
}

/** What kind of expression, for messages. */
export function expr_name(e: expr): string {
	return names[e.etype] ?? 'invalid';
}

/** Root type of an expression. */
export function expr_basetype(e: expr): datatype {
	return datatype_basetype(e.dtype);
}

/** Known when the rule is added. */
export function expr_is_constant(e: expr): boolean {
	return (e.flags & EXPR_F_CONSTANT) !== 0;
}

/** One value. */
export function expr_is_singleton(e: expr): boolean {
	return (e.flags & EXPR_F_SINGLETON) !== 0;
}

/** The type directly below is a bit mask. */
export function is_bitmask(d: datatype): boolean {
	return d.basetype !== null && d.basetype.type === TYPE_BITMASK;
}

/** A deep copy. */
export function expr_clone(e: expr): expr {
	if (e === expr.nil) return e;
	const n = new expr(e.etype, e.location, e.dtype, e.byteorder, e.len);
	Object.assign(n, e);
	n.left = expr_clone(e.left);
	n.right = expr_clone(e.right);
	n.mask = expr_clone(e.mask);
	n.key = expr_clone(e.key);
	n.chain = e.chain === null ? null : expr_clone(e.chain);
	n.expressions = e.expressions.map(expr_clone);
	n.field_len = [...e.field_len];
	n.stmt_list = [...e.stmt_list];
	return n;
}

/** Gives an expression, and what it is made of, a type. */
export function expr_set_type(e: expr, dtype: datatype, order: byteorder): void {
	switch (e.etype) {
		case EXPR_PREFIX:
			expr_set_type(e.left, dtype, order);
			break;
		case EXPR_RANGE:
			expr_set_type(e.left, dtype, order);
			expr_set_type(e.right, dtype, order);
			break;
		case EXPR_SET:
			for (const i of e.expressions) expr_set_type(i, dtype, order);
			break;
		case EXPR_MAPPING:
			expr_set_type(e.left, dtype, order);
			break;
		default:
			e.dtype = dtype;
			e.byteorder = order;
	}
}

export function verdict_expr_alloc(loc: location, verdict: number, chain: expr | null): expr {
	const e = new expr(EXPR_VERDICT, loc, verdict_type, BYTEORDER_INVALID, 0);
	e.verdict = verdict;
	e.chain = chain;
	e.flags = EXPR_F_CONSTANT | EXPR_F_SINGLETON;
	return e;
}

export function symbol_expr_alloc(loc: location, is_set: boolean, identifier: string): expr {
	const e = new expr(EXPR_SYMBOL, loc, invalid_type, BYTEORDER_INVALID, 0);
	e.is_set_symbol = is_set;
	e.identifier = identifier;
	return e;
}

export function variable_expr_alloc(
	loc: location,
	identifier: string,
	sym: symbol_def | null,
): expr {
	const e = new expr(EXPR_VARIABLE, loc, invalid_type, BYTEORDER_INVALID, 0);
	e.identifier = identifier;
	e.sym = sym;
	return e;
}

export function constant_expr_alloc(
	loc: location,
	dtype: datatype,
	order: byteorder,
	len: number,
	value: bigint,
): expr {
	const e = new expr(EXPR_VALUE, loc, dtype, order, len);
	e.flags = EXPR_F_CONSTANT | EXPR_F_SINGLETON;
	e.value = value;
	return e;
}

/** A string constant of `bytes` bytes (the text and its NUL if not given otherwise). */
export function string_expr_alloc(loc: location, text: string, bytes = -1): expr {
	const n = bytes < 0 ? new TextEncoder().encode(text).length + 1 : bytes;
	return constant_expr_alloc(
		loc,
		string_type,
		BYTEORDER_HOST_ENDIAN,
		n * 8,
		mpz_from_string(text),
	);
}

/** Text of a string constant. */
export function expr_to_string(e: expr): string {
	return mpz_to_string(e.value, div_round_up(e.len, 8));
}

export function prefix_expr_alloc(loc: location, e: expr, prefix_len: number): expr {
	const p = new expr(EXPR_PREFIX, loc, invalid_type, BYTEORDER_INVALID, 0);
	p.left = e;
	p.prefix_len = prefix_len;
	return p;
}

export function unary_expr_alloc(loc: location, op: number, arg: expr): expr {
	const e = new expr(EXPR_UNARY, loc, invalid_type, BYTEORDER_INVALID, 0);
	e.op = op;
	e.left = arg;
	return e;
}

export function binop_expr_alloc(loc: location, op: number, left: expr, right: expr): expr {
	const e = new expr(EXPR_BINOP, loc, left.dtype, left.byteorder, 0);
	e.op = op;
	e.left = left;
	e.right = right;
	return e;
}

export function relational_expr_alloc(loc: location, op: number, left: expr, right: expr): expr {
	const e = new expr(EXPR_RELATIONAL, loc, verdict_type, BYTEORDER_INVALID, 0);
	e.op = op;
	e.left = left;
	e.right = right;
	if (right.dtype === boolean_type) left.flags |= EXPR_F_BOOLEAN;
	return e;
}

export function range_expr_alloc(loc: location, left: expr, right: expr): expr {
	const e = new expr(EXPR_RANGE, loc, invalid_type, BYTEORDER_INVALID, 0);
	e.left = left;
	e.right = right;
	return e;
}

export function compound_expr_alloc(loc: location, etype: number, expressions: expr[] = []): expr {
	const e = new expr(etype, loc, invalid_type, BYTEORDER_INVALID, 0);
	e.expressions = expressions;
	e.size = expressions.length;
	return e;
}

export function compound_expr_add(compound: expr, e: expr): void {
	compound.expressions.push(e);
	compound.size++;
}

/** An empty literal set, of the kind of `set` if given. */
export function set_expr_alloc(loc: location, set: nft_set | null): expr {
	const e = compound_expr_alloc(loc, EXPR_SET);
	if (set !== null) {
		e.set_flags = set.flags;
		e.dtype = set.key.dtype;
	}
	return e;
}

export function mapping_expr_alloc(loc: location, from: expr, to: expr): expr {
	const e = new expr(EXPR_MAPPING, loc, from.dtype, from.byteorder, 0);
	e.left = from;
	e.right = to;
	return e;
}

export function map_expr_alloc(loc: location, arg: expr, mappings: expr): expr {
	const e = new expr(EXPR_MAP, loc, invalid_type, BYTEORDER_INVALID, 0);
	e.left = arg;
	e.right = mappings;
	return e;
}

export function set_ref_expr_alloc(loc: location, set: nft_set): expr {
	const e = new expr(EXPR_SET_REF, loc, set.key.dtype, BYTEORDER_INVALID, 0);
	e.set = set;
	e.flags |= EXPR_F_CONSTANT;
	return e;
}

/** The set that a reference points to. */
export function set_of(e: expr): nft_set {
	if (e.set === null) throw new Error(`${expr_name(e)} is no set reference`);
	return e.set;
}

export function set_elem_expr_alloc(loc: location, key: expr): expr {
	const e = new expr(EXPR_SET_ELEM, loc, key.dtype, key.byteorder, key.len);
	e.key = key;
	return e;
}

export function flagcmp_expr_alloc(
	loc: location,
	op: number,
	match: expr,
	mask: expr,
	value: expr,
): expr {
	const e = new expr(EXPR_FLAGCMP, loc, match.dtype, match.byteorder, match.len);
	e.op = op;
	e.left = match;
	e.mask = mask;
	e.right = value;
	return e;
}

export function payload_expr_alloc(loc: location, desc: proto_desc | null, type: number): expr {
	const tmpl = desc === null ? proto_unknown_template : desc.templates[type];
	const e = new expr(
		EXPR_PAYLOAD,
		loc,
		tmpl.dtype,
		desc === null ? BYTEORDER_INVALID : BYTEORDER_BIG_ENDIAN,
		tmpl.len,
	);
	e.desc = desc ?? proto_unknown;
	e.tmpl = tmpl;
	e.base = desc === null ? PROTO_BASE_INVALID : desc.base;
	e.offset = tmpl.offset;
	if (
		desc !== null &&
		(type === desc.protocol_key ||
			(desc === proto_ip6 && tmpl.token === 'nexthdr') ||
			(desc === proto_ip && tmpl.token === 'protocol'))
	)
		e.flags |= EXPR_F_PROTOCOL;
	return e;
}

/** Makes a payload expression refer to bits instead of a field. */
export function payload_init_raw(e: expr, base: number, offset: number, len: number): void {
	e.base = base;
	e.offset = offset;
	e.len = len;
	e.dtype = xinteger_type;
	if (base !== PROTO_BASE_TRANSPORT_HDR || len !== 16) return;
	if (offset !== 0 && offset !== 16) return;
	e.tmpl = proto_th.templates[proto_th.field(offset === 0 ? 'sport' : 'dport')];
	e.desc = proto_th;
	e.dtype = inet_service_type;
}

/** It is a field of a header and not just bits. */
export function payload_is_known(e: expr): boolean {
	return e.desc !== proto_unknown && e.tmpl !== proto_unknown_template;
}

/** A meta key: how it is written, its type and size in bits. */
export class key_template {
	token: string;
	dtype: datatype;
	len: number;
	byteorder: byteorder;

	constructor(token: string, dtype: datatype, len: number, order: byteorder) {
		this.token = token;
		this.dtype = dtype;
		this.len = len;
		this.byteorder = order;
	}
}

const HOST = BYTEORDER_HOST_ENDIAN;
const BIG = BYTEORDER_BIG_ENDIAN;
const K = (token: string, dtype: datatype, len: number, order: byteorder): key_template =>
	new key_template(token, dtype, len, order);

export const meta_templates: Readonly<Record<number, key_template>> = {
	[NFT_META_LEN]: K('length', integer_type, 32, HOST),
	[NFT_META_PROTOCOL]: K('protocol', ethertype_type, 16, BIG),
	[NFT_META_PRIORITY]: K('priority', tchandle_type, 32, HOST),
	[NFT_META_MARK]: K('mark', mark_type, 32, HOST),
	[NFT_META_IIF]: K('iif', ifindex_type, 32, HOST),
	[NFT_META_OIF]: K('oif', ifindex_type, 32, HOST),
	[NFT_META_IIFNAME]: K('iifname', ifname_type, IFNAMSIZ * 8, HOST),
	[NFT_META_OIFNAME]: K('oifname', ifname_type, IFNAMSIZ * 8, HOST),
	[NFT_META_IIFTYPE]: K('iiftype', arphrd_type, 16, HOST),
	[NFT_META_OIFTYPE]: K('oiftype', arphrd_type, 16, HOST),
	[NFT_META_SKUID]: K('skuid', uid_type, 32, HOST),
	[NFT_META_SKGID]: K('skgid', gid_type, 32, HOST),
	[NFT_META_NFTRACE]: K('nftrace', integer_type, 1, HOST),
	[NFT_META_NFPROTO]: K('nfproto', nfproto_type, 8, HOST),
	[NFT_META_L4PROTO]: K('l4proto', inet_protocol_type, 8, HOST),
	[NFT_META_BRI_IIFNAME]: K('ibrname', ifname_type, IFNAMSIZ * 8, HOST),
	[NFT_META_BRI_OIFNAME]: K('obrname', ifname_type, IFNAMSIZ * 8, HOST),
	[NFT_META_PKTTYPE]: K('pkttype', pkttype_type, 8, HOST),
	[NFT_META_CPU]: K('cpu', integer_type, 32, HOST),
	[NFT_META_IIFGROUP]: K('iifgroup', devgroup_type, 32, HOST),
	[NFT_META_OIFGROUP]: K('oifgroup', devgroup_type, 32, HOST),
	[NFT_META_CGROUP]: K('cgroup', integer_type, 32, HOST),
	[NFT_META_PRANDOM]: K('random', integer_type, 32, BIG),
	[NFT_META_SECPATH]: K('ipsec', boolean_type, 8, HOST),
	[NFT_META_IIFKIND]: K('iifkind', ifname_type, IFNAMSIZ * 8, HOST),
	[NFT_META_OIFKIND]: K('oifkind', ifname_type, IFNAMSIZ * 8, HOST),
	[NFT_META_BRI_IIFPVID]: K('ibrpvid', integer_type, 16, HOST),
	[NFT_META_BRI_IIFVPROTO]: K('ibrvproto', ethertype_type, 16, BIG),
	[NFT_META_TIME_NS]: K('time', date_type, 64, HOST),
	[NFT_META_TIME_DAY]: K('day', day_type, 8, HOST),
	[NFT_META_TIME_HOUR]: K('hour', hour_type, 32, HOST),
	[NFT_META_SDIF]: K('sdif', ifindex_type, 32, HOST),
	[NFT_META_SDIFNAME]: K('sdifname', ifname_type, IFNAMSIZ * 8, HOST),
};

/** Key of a meta word, -1 if there is none. */
export function meta_key_lookup(token: string): number {
	if (token === 'ibriport') return NFT_META_BRI_IIFNAME;
	if (token === 'obriport') return NFT_META_BRI_OIFNAME;
	if (token === 'secpath') return NFT_META_SECPATH;
	for (const [key, t] of Object.entries(meta_templates))
		if (t.token === token) return Number(key);
	return -1;
}

/** The key is written without the word meta. */
export function meta_key_is_unqualified(key: number): boolean {
	return (
		key === NFT_META_IIF ||
		key === NFT_META_OIF ||
		key === NFT_META_IIFNAME ||
		key === NFT_META_OIFNAME ||
		key === NFT_META_IIFGROUP ||
		key === NFT_META_OIFGROUP
	);
}

export function meta_expr_alloc(loc: location, key: number): expr {
	const t = meta_templates[key] ?? K(`unknown-${key}`, integer_type, 32, HOST);
	const e = new expr(EXPR_META, loc, t.dtype, t.byteorder, t.len);
	e.meta_key = key;
	switch (key) {
		case NFT_META_IIFTYPE:
			e.flags |= EXPR_F_PROTOCOL;
			break;
		case NFT_META_NFPROTO:
		case NFT_META_PROTOCOL:
			e.flags |= EXPR_F_PROTOCOL;
			e.base = PROTO_BASE_LL_HDR;
			break;
		case NFT_META_L4PROTO:
			e.flags |= EXPR_F_PROTOCOL;
			e.base = PROTO_BASE_NETWORK_HDR;
			break;
		default:
	}
	return e;
}

export const ct_templates: Readonly<Record<number, key_template>> = {
	[NFT_CT_STATE]: K('state', ct_state_type, 32, HOST),
	[NFT_CT_DIRECTION]: K('direction', ct_dir_type, 8, HOST),
	[NFT_CT_STATUS]: K('status', ct_status_type, 32, HOST),
	[NFT_CT_MARK]: K('mark', mark_type, 32, HOST),
	[NFT_CT_EXPIRATION]: K('expiration', time_type, 32, HOST),
	[NFT_CT_HELPER]: K('helper', string_type, 16 * 8, HOST),
	[NFT_CT_L3PROTOCOL]: K('l3proto', nfproto_type, 8, HOST),
	[NFT_CT_SRC]: K('saddr', invalid_type, 0, BIG),
	[NFT_CT_DST]: K('daddr', invalid_type, 0, BIG),
	[NFT_CT_PROTOCOL]: K('protocol', inet_protocol_type, 8, BIG),
	[NFT_CT_PROTO_SRC]: K('proto-src', invalid_type, 16, BIG),
	[NFT_CT_PROTO_DST]: K('proto-dst', invalid_type, 16, BIG),
	[NFT_CT_BYTES]: K('bytes', integer_type, 64, HOST),
	[NFT_CT_PKTS]: K('packets', integer_type, 64, HOST),
	[NFT_CT_AVGPKT]: K('avgpkt', integer_type, 64, HOST),
	[NFT_CT_ZONE]: K('zone', integer_type, 16, HOST),
	[NFT_CT_EVENTMASK]: K('event', ct_event_type, 32, HOST),
	[NFT_CT_SRC_IP]: K('ip saddr', ipaddr_type, 32, BIG),
	[NFT_CT_DST_IP]: K('ip daddr', ipaddr_type, 32, BIG),
	[NFT_CT_SRC_IP6]: K('ip6 saddr', ip6addr_type, 128, BIG),
	[NFT_CT_DST_IP6]: K('ip6 daddr', ip6addr_type, 128, BIG),
	[NFT_CT_ID]: K('id', integer_type, 32, BIG),
};

export function ct_expr_alloc(loc: location, key: number, direction: number): expr {
	const t = ct_templates[key] ?? K(`unknown-${key}`, integer_type, 32, HOST);
	const e = new expr(EXPR_CT, loc, t.dtype, t.byteorder, t.len);
	e.ct_key = key;
	e.direction = direction;
	switch (key) {
		case NFT_CT_SRC:
		case NFT_CT_DST:
			e.base = PROTO_BASE_NETWORK_HDR;
			break;
		case NFT_CT_PROTO_SRC:
		case NFT_CT_PROTO_DST:
			e.base = PROTO_BASE_TRANSPORT_HDR;
			break;
		case NFT_CT_PROTOCOL:
			e.flags = EXPR_F_PROTOCOL;
			e.base = PROTO_BASE_NETWORK_HDR;
			break;
		case NFT_CT_L3PROTOCOL:
			e.flags = EXPR_F_PROTOCOL;
			e.base = PROTO_BASE_LL_HDR;
			break;
		default:
	}
	return e;
}

/** Fills in the type that depends on the protocol of the packet. */
export function ct_expr_update_type(ctx: proto_ctx, e: expr): void {
	const desc = ctx.protocol[e.base].desc;
	switch (e.ct_key) {
		case NFT_CT_SRC:
		case NFT_CT_DST:
			if (desc === proto_ip) {
				e.dtype = ipaddr_type;
				e.nfproto = 2;
			} else if (desc === proto_ip6) {
				e.dtype = ip6addr_type;
				e.nfproto = 10;
			}
			e.len = e.dtype.size;
			break;
		case NFT_CT_PROTO_SRC:
		case NFT_CT_PROTO_DST:
			if (desc !== null) e.dtype = inet_service_type;
			break;
		default:
	}
}

export function fib_expr_alloc(loc: location, flags: number, result: number): expr {
	let dtype = fib_addr_type;
	let len = 32;
	if (result === NFT_FIB_RESULT_OIF) dtype = ifindex_type;
	else if (result === NFT_FIB_RESULT_OIFNAME) {
		dtype = string_type;
		len = IFNAMSIZ * 8;
	}
	if (flags & NFTA_FIB_F_PRESENT) dtype = boolean_type;
	const e = new expr(EXPR_FIB, loc, dtype, BYTEORDER_HOST_ENDIAN, len);
	e.fib_result = result;
	e.fib_flags = flags;
	return e;
}

export function numgen_expr_alloc(loc: location, type: number, mod: number, offset: number): expr {
	const e = new expr(EXPR_NUMGEN, loc, integer_type, BYTEORDER_HOST_ENDIAN, 32);
	e.ng_type = type;
	e.ng_mod = mod;
	e.ng_offset = offset;
	return e;
}

/** Cuts the upper `len` bits off a constant. */
export function constant_expr_splice(e: expr, len: number): expr {
	const rest = BigInt(e.len - len);
	const slice = constant_expr_alloc(
		e.location,
		invalid_type,
		BYTEORDER_INVALID,
		len,
		(e.value >> rest) & mpz_bitmask(len),
	);
	e.len -= len;
	return slice;
}

/** Flags of a bit mask as an inclusive OR of single flags. */
export function bitmask_expr_to_binops(e: expr): expr {
	if (mpz_popcount(e.value) < 2) return e;
	let binop: expr | null = null;
	for (let n = mpz_scan1(e.value, 0); n !== Infinity; n = mpz_scan1(e.value, n + 1)) {
		const flag = constant_expr_alloc(
			e.location,
			e.dtype,
			e.byteorder,
			e.len,
			1n << BigInt(n),
		);
		binop = binop === null ? flag : binop_expr_alloc(e.location, OP_OR, binop, flag);
	}
	return binop ?? e;
}

/** Lowest value of an element, range or prefix. */
export function range_expr_value_low(e: expr): bigint {
	switch (e.etype) {
		case EXPR_PREFIX:
		case EXPR_RANGE:
		case EXPR_MAPPING:
			return range_expr_value_low(e.left);
		case EXPR_SET_ELEM:
			return range_expr_value_low(e.key);
		default:
			return e.value;
	}
}

/** Highest value of an element, range or prefix. */
export function range_expr_value_high(e: expr): bigint {
	switch (e.etype) {
		case EXPR_PREFIX:
			return range_expr_value_low(e.left) + mpz_bitmask(e.len - e.prefix_len);
		case EXPR_RANGE:
			return range_expr_value_high(e.right);
		case EXPR_MAPPING:
			return range_expr_value_high(e.left);
		case EXPR_SET_ELEM:
			return range_expr_value_high(e.key);
		default:
			return e.value;
	}
}

function payload_pctx_update(ctx: proto_ctx, loc: location, left: expr, right: expr): void {
	const base = ctx.protocol[left.base].desc;
	if (base === null) return;
	const proto = Number(right.value);
	const desc = proto_find_upper(base, proto);
	if (desc === null) {
		if (base === proto_icmp) ctx.icmp_type = proto === 0 ? ICMP_ECHO : proto;
		else if (base === proto_icmp6)
			ctx.icmp_type = proto === ICMP6_ECHO_REPLY ? ICMP6_ECHO_REQUEST : proto;
		return;
	}
	if (desc.base === base.base && !left.is_raw && desc.base === PROTO_BASE_LL_HDR)
		ctx.stacked_ll.push(base);
	ctx.update(desc.base, loc, desc);
}

function meta_pctx_update(ctx: proto_ctx, loc: location, left: expr, right: expr): void {
	const h = hook_proto_desc(ctx.family);
	const num = Number(right.value);
	switch (left.meta_key) {
		case NFT_META_IIFTYPE:
			if (
				h.base < PROTO_BASE_NETWORK_HDR &&
				ctx.family !== NFPROTO_INET &&
				ctx.family !== NFPROTO_NETDEV
			)
				return;
			ctx.update(PROTO_BASE_LL_HDR, loc, proto_dev_desc(num) ?? proto_unknown);
			break;
		case NFT_META_NFPROTO: {
			let desc = proto_find_upper(h, num);
			if (desc === null)
				desc =
					num === ctx.family && h.base === PROTO_BASE_NETWORK_HDR
						? h
						: proto_unknown;
			ctx.update(PROTO_BASE_NETWORK_HDR, loc, desc);
			break;
		}
		case NFT_META_L4PROTO:
			ctx.update(
				PROTO_BASE_TRANSPORT_HDR,
				loc,
				proto_find_upper(proto_inet_service, num) ?? proto_unknown,
			);
			break;
		case NFT_META_PROTOCOL:
			if (h.base !== PROTO_BASE_LL_HDR) return;
			if (ctx.family !== NFPROTO_NETDEV && ctx.family !== NFPROTO_BRIDGE) return;
			ctx.update(
				PROTO_BASE_NETWORK_HDR,
				loc,
				proto_find_upper(h, num) ?? proto_unknown,
			);
			break;
		default:
	}
}

function ct_pctx_update(ctx: proto_ctx, loc: location, left: expr, right: expr): void {
	const base = ctx.protocol[left.base].desc;
	if (base === null) return;
	const desc = proto_find_upper(base, Number(right.value));
	if (desc !== null) ctx.update(left.base + 1, loc, desc);
}

function pctx_update(ctx: proto_ctx, loc: location, left: expr, right: expr): void {
	if (left.etype === EXPR_PAYLOAD) payload_pctx_update(ctx, loc, left, right);
	else if (left.etype === EXPR_META) meta_pctx_update(ctx, loc, left, right);
	else if (left.etype === EXPR_CT) ct_pctx_update(ctx, loc, left, right);
}

/** Notes what an equality says about the protocols of the packet. */
export function relational_expr_pctx_update(ctx: proto_ctx, e: expr): void {
	if (!(e.left.flags & EXPR_F_PROTOCOL)) return;
	if (expr_is_singleton(e.right)) pctx_update(ctx, e.location, e.left, e.right);
	else if (e.right.etype === EXPR_SET) {
		for (const i of e.right.expressions)
			if (i.etype === EXPR_SET_ELEM && i.key.etype === EXPR_VALUE)
				pctx_update(ctx, e.location, e.left, i.key);
	}
}

/* printing */

function verdict_print(e: expr, octx: output_ctx): string {
	const chain = (): string => {
		if (e.chain === null) return '';
		return e.chain.etype === EXPR_VALUE
			? expr_to_string(e.chain)
			: expr_print(e.chain, octx);
	};
	switch (e.verdict) {
		case NFT_CONTINUE:
			return 'continue';
		case NFT_BREAK:
			return 'break';
		case NFT_JUMP:
			return `jump ${chain()}`;
		case NFT_GOTO:
			return `goto ${chain()}`;
		case NFT_RETURN:
			return 'return';
		default:
	}
	switch (e.verdict & NF_VERDICT_MASK) {
		case NF_ACCEPT:
			return 'accept';
		case NF_DROP:
			return 'drop';
		case NF_QUEUE:
			return 'queue';
		case NF_STOLEN:
			return 'stolen';
		default:
			return `unknown verdict value ${e.verdict}`;
	}
}

const precedence: Readonly<Record<number, number>> = {
	[OP_LSHIFT]: 1,
	[OP_RSHIFT]: 1,
	[OP_AND]: 2,
	[OP_XOR]: 3,
	[OP_OR]: 4,
};

function binop_arg_print(op: expr, arg: expr, octx: output_ctx): string {
	const outer = precedence[op.op] ?? 0;
	const text = expr_print(arg, octx);
	if (arg.etype === EXPR_BINOP && outer !== 0 && outer < (precedence[arg.op] ?? 0))
		return `(${text})`;
	return text;
}

function must_print_eq_op(e: expr): boolean {
	if (is_bitmask(e.right.dtype) && e.right.etype === EXPR_VALUE) return true;
	return e.left.etype === EXPR_BINOP;
}

function binop_print(e: expr, octx: output_ctx): string {
	const sym = expr_op_symbols[e.op];
	const op = sym !== undefined && (e.op !== OP_EQ || must_print_eq_op(e)) ? ` ${sym} ` : ' ';
	return binop_arg_print(e, e.left, octx) + op + binop_arg_print(e, e.right, octx);
}

/** How elements of a named set are spread over lines. */
function calculate_delim(e: expr, count: { n: number }): string {
	if (e.set_flags & NFT_SET_ANONYMOUS) return ', ';
	switch (e.dtype.type) {
		case TYPE_NFPROTO:
		case TYPE_INTEGER:
		case TYPE_ARPOP:
		case TYPE_INET_PROTOCOL:
		case TYPE_INET_SERVICE:
		case TYPE_TCP_FLAG:
		case TYPE_DCCP_PKTTYPE:
		case TYPE_MARK:
		case TYPE_IFINDEX:
		case TYPE_CLASSID:
		case TYPE_UID:
		case TYPE_GID:
		case TYPE_CT_DIR:
			if (count.n < 5) return ', ';
			count.n = 0;
			break;
		case TYPE_IPADDR:
		case TYPE_CT_STATE:
		case TYPE_CT_STATUS:
		case TYPE_PKTTYPE:
			if (count.n < 2) return ', ';
			count.n = 0;
			break;
		default:
	}
	return ',\n\t\t\t     ';
}

function set_print(e: expr, octx: output_ctx): string {
	let out = '{ ';
	let d = '';
	const count = { n: 0 };
	for (const i of e.expressions) {
		out += d + expr_print(i, octx);
		count.n++;
		d = calculate_delim(e, count);
	}
	return `${out} }`;
}

function is_vmap(mappings: expr): boolean {
	if (mappings.etype === EXPR_SET_REF)
		return set_of(mappings).data.dtype.type === TYPE_VERDICT;
	const first = mappings.expressions[0];
	return (
		mappings.etype === EXPR_SET &&
		first !== undefined &&
		first.etype === EXPR_MAPPING &&
		first.right.etype === EXPR_VERDICT
	);
}

function set_ref_print(e: expr, octx: output_ctx): string {
	const set = set_of(e);
	if ((set.flags & (NFT_SET_ANONYMOUS | NFT_SET_EVAL)) === (NFT_SET_ANONYMOUS | NFT_SET_EVAL))
		return set.handle.set_name;
	if (set.flags & NFT_SET_ANONYMOUS)
		return set.init === null ? '{ }' : expr_print(set.init, octx);
	return `@${set.handle.set_name}`;
}

function set_elem_print(e: expr, octx: output_ctx): string {
	let out = expr_print(e.key, octx);
	for (const s of e.stmt_list) out += ` ${s.print(octx)}`;
	if (e.timeout) out += ` timeout ${time_print(e.timeout, octx)}`;
	if (!(octx.flags & NFT_CTX_OUTPUT_STATELESS) && e.expiration)
		out += ` expires ${time_print(e.expiration, octx)}`;
	if (e.comment !== null) out += ` comment "${e.comment}"`;
	return out;
}

/** `ct` key with its direction. */
export function ct_print(key: number, dir: number, nfproto: number): string {
	let out = 'ct ';
	if (dir >= 0) {
		const name = ct_dir_tbl.find((s) => s[1] === dir);
		if (name !== undefined) out += `${name[0]} `;
		if (key === NFT_CT_SRC || key === NFT_CT_DST) {
			const desc = proto_find_upper(proto_inet, nfproto);
			if (desc !== null) out += `${desc.name} `;
		}
	}
	return out + (ct_templates[key]?.token ?? 'unknown');
}

function fib_print(e: expr): string {
	let flags = e.fib_flags & ~NFTA_FIB_F_PRESENT;
	let out = 'fib ';
	for (const [f, name] of [
		[NFTA_FIB_F_SADDR, 'saddr'],
		[NFTA_FIB_F_DADDR, 'daddr'],
		[NFTA_FIB_F_MARK, 'mark'],
		[NFTA_FIB_F_IIF, 'iif'],
		[NFTA_FIB_F_OIF, 'oif'],
	] as const) {
		if (!(flags & f)) continue;
		flags &= ~f;
		out += name + (flags ? ' . ' : '');
	}
	if (flags) out += `0x${flags.toString(16)}`;
	const result =
		e.fib_result === NFT_FIB_RESULT_OIF
			? 'oif'
			: e.fib_result === NFT_FIB_RESULT_OIFNAME
				? 'oifname'
				: e.fib_result === NFT_FIB_RESULT_ADDRTYPE
					? 'type'
					: 'unknown';
	return `${out} ${result}`;
}

/** Text of an expression. */
export function expr_print(e: expr, octx: output_ctx): string {
	switch (e.etype) {
		case EXPR_VERDICT:
			return verdict_print(e, octx);
		case EXPR_SYMBOL:
			return e.identifier;
		case EXPR_VARIABLE:
			return `$${e.identifier}`;
		case EXPR_VALUE:
			return datatype_print(e, octx);
		case EXPR_PREFIX:
			return `${expr_print(e.left, octx)}/${e.prefix_len}`;
		case EXPR_RANGE: {
			const raw: output_ctx = {
				...octx,
				flags:
					(octx.flags &
						~(
							NFT_CTX_OUTPUT_SERVICE |
							NFT_CTX_OUTPUT_REVERSEDNS |
							NFT_CTX_OUTPUT_GUID
						)) |
					NFT_CTX_OUTPUT_NUMERIC_ALL,
			};
			return `${expr_print(e.left, raw)}-${expr_print(e.right, raw)}`;
		}
		case EXPR_PAYLOAD:
			if (payload_is_known(e)) return `${e.desc.name} ${e.tmpl.token}`;
			return `@${proto_base_tokens[e.base]},${e.offset},${e.len}`;
		case EXPR_META: {
			const token = meta_templates[e.meta_key]?.token ?? 'unknown';
			return meta_key_is_unqualified(e.meta_key) ? token : `meta ${token}`;
		}
		case EXPR_CT:
			return ct_print(e.ct_key, e.direction, e.nfproto);
		case EXPR_CONCAT:
			return e.expressions.map((i) => expr_print(i, octx)).join(' . ');
		case EXPR_LIST:
			return e.expressions.map((i) => expr_print(i, octx)).join(',');
		case EXPR_SET:
			return set_print(e, octx);
		case EXPR_SET_REF:
			return set_ref_print(e, octx);
		case EXPR_SET_ELEM:
			return set_elem_print(e, octx);
		case EXPR_MAPPING:
			return `${expr_print(e.left, octx)} : ${expr_print(e.right, octx)}`;
		case EXPR_MAP:
			return `${expr_print(e.left, octx)} ${is_vmap(e.right) ? 'vmap' : 'map'} ${expr_print(e.right, octx)}`;
		case EXPR_UNARY:
			return expr_print(e.left, octx);
		case EXPR_BINOP:
		case EXPR_RELATIONAL:
			return binop_print(e, octx);
		case EXPR_NUMGEN:
			return `numgen ${e.ng_type === NFT_NG_INCREMENTAL ? 'inc' : 'random'} mod ${e.ng_mod}${
				e.ng_offset ? ` offset ${e.ng_offset}` : ''
			}`;
		case EXPR_FIB:
			return fib_print(e);
		case EXPR_FLAGCMP:
			return `${expr_print(e.left, octx)}${e.op === OP_NEQ ? ' != ' : ' '}${expr_print(e.right, octx)} / ${expr_print(e.mask, octx)}`;
		default:
			return '';
	}
}
