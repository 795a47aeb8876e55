// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, evaluation of expressions.
 * Modelled on the first half of evaluate.c and on payload.c of nftables 1.0.6: symbols become values of
 * the type that the context asks for, byte orders are brought together, matches that a protocol field
 * needs are put in front of the statement, literal sets become anonymous sets.
 */

import {
	NFPROTO_BRIDGE,
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
	NFPROTO_NETDEV,
} from '../../../../../include/uapi/linux/netfilter.ts';
import {
	NFTA_FIB_F_PRESENT,
	NFT_CT_DST,
	NFT_CT_DST_IP,
	NFT_CT_DST_IP6,
	NFT_CT_L3PROTOCOL,
	NFT_CT_SRC,
	NFT_CT_SRC_IP,
	NFT_CT_SRC_IP6,
	NFT_META_IIFTYPE,
	NFT_META_NFPROTO,
	NFT_META_TIME_DAY,
	NFT_META_TIME_HOUR,
	NFT_SET_ANONYMOUS,
	NFT_SET_CONCAT,
	NFT_SET_CONSTANT,
	NFT_SET_EVAL,
	NFT_SET_INTERVAL,
	NFT_SET_MAP,
} from '../../../../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	TYPE_BITMASK,
	TYPE_INTEGER,
	TYPE_STRING,
	TYPE_VERDICT,
	boolean_type,
	concat_subtype_add,
	concat_subtype_lookup,
	concat_type_alloc,
	type datatype,
	datatype_clone,
	datatype_equal,
	icmp6_type_type,
	icmp_type_type,
	type iface_lookup,
	integer_type,
	invalid_type,
	set_datatype_alloc,
	symbol_parse,
} from './datatype.ts';
import {
	type error_record,
	fail,
	type location,
	netlink_location,
	nft_error,
	with_note,
} from './erec.ts';
import {
	EXPR_BINOP,
	EXPR_CONCAT,
	EXPR_CT,
	EXPR_FIB,
	EXPR_FLAGCMP,
	EXPR_F_BOOLEAN,
	EXPR_F_CONSTANT,
	EXPR_F_INTERVAL,
	EXPR_F_PROTOCOL,
	EXPR_F_SINGLETON,
	EXPR_LIST,
	EXPR_MAP,
	EXPR_MAPPING,
	EXPR_META,
	EXPR_NUMGEN,
	EXPR_PAYLOAD,
	EXPR_PREFIX,
	EXPR_RANGE,
	EXPR_RELATIONAL,
	EXPR_SET,
	EXPR_SET_ELEM,
	EXPR_SET_REF,
	EXPR_SYMBOL,
	EXPR_UNARY,
	EXPR_VALUE,
	EXPR_VARIABLE,
	EXPR_VERDICT,
	OP_AND,
	OP_EQ,
	OP_GT,
	OP_GTE,
	OP_HTON,
	OP_IMPLICIT,
	OP_LSHIFT,
	OP_LT,
	OP_LTE,
	OP_NEG,
	OP_NEQ,
	OP_NTOH,
	OP_OR,
	OP_RSHIFT,
	OP_XOR,
	binop_expr_alloc,
	compound_expr_add,
	constant_expr_alloc,
	ct_expr_alloc,
	ct_expr_update_type,
	expr,
	expr_basetype,
	expr_clone,
	expr_is_constant,
	expr_is_singleton,
	expr_name,
	expr_op_symbols,
	mapping_expr_alloc,
	meta_expr_alloc,
	payload_expr_alloc,
	prefix_expr_alloc,
	relational_expr_alloc,
	relational_expr_pctx_update,
	set_elem_expr_alloc,
	set_expr_alloc,
	set_of,
	set_ref_expr_alloc,
	unary_expr_alloc,
	verdict_expr_alloc,
} from './expr.ts';
import {
	BYTEORDER_BIG_ENDIAN,
	BYTEORDER_HOST_ENDIAN,
	BYTEORDER_INVALID,
	type byteorder,
	bytes_to_string,
	div_round_up,
	mpz_bitmask,
	mpz_export_data,
	mpz_from_string,
	mpz_import_data,
	mpz_prefixmask,
	mpz_scan1,
	netlink_padded_len,
} from './mpz.ts';
import {
	ICMP6_ECHO_REPLY,
	ICMP6_ECHO_REQUEST,
	ICMP_ECHO,
	ICMP_ECHOREPLY,
	PROTO_BASE_LL_HDR,
	PROTO_BASE_NETWORK_HDR,
	PROTO_BASE_TRANSPORT_HDR,
	PROTO_ICMP6_ECHO,
	PROTO_ICMP6_MGMQ,
	PROTO_ICMP6_MTU,
	PROTO_ICMP6_PPTR,
	PROTO_ICMP_ANY,
	PROTO_ICMP_ADDRESS,
	PROTO_ICMP_ECHO,
	PROTO_ICMP_MTU,
	hook_proto_desc,
	proto_base_names,
	proto_ctx,
	type proto_desc,
	proto_dev_type,
	proto_eth,
	proto_find_num,
	proto_icmp,
	proto_icmp6,
	proto_igmp,
	proto_inet,
	proto_inet_service,
	proto_ip,
	proto_ip6,
	proto_netdev,
} from './proto.ts';
import {
	family2str,
	handle,
	type nft_cache,
	nft_cmd,
	type nft_rule,
	nft_set,
	type nft_table,
	set_is_anonymous,
	set_is_datamap,
	set_is_interval,
	set_is_map,
} from './rule.ts';
import { expr_stmt, type stmt } from './stmt.ts';

/** What evaluation needs to know of its surroundings. */
export interface eval_env {
	cache: nft_cache;
	ifaces: iface_lookup;
	/** numbers sets within one run of the program */
	set_id: number;
	/** numbers rules that others refer to within a batch */
	rule_id: number;
}

/** What the surroundings of an expression expect of it. */
interface expr_ctx {
	dtype: datatype | null;
	byteorder: byteorder;
	len: number;
	maxval: number;
	key: expr | null;
}

const byteorder_names = ['invalid', 'host endian', 'big endian'];

export const ENOENT_TEXT = 'No such file or directory';

const is_dummy = (d: proto_desc): boolean => d === proto_inet || d === proto_netdev;
/** An address whose family only the packet decides. */
export const is_ct_addr = (e: expr): boolean =>
	e.etype === EXPR_CT && (e.ct_key === NFT_CT_SRC || e.ct_key === NFT_CT_DST);

/** A field does not start or end with a byte. */
export function payload_needs_adjustment(e: expr): boolean {
	return e.offset % 8 !== 0 || e.len % 8 !== 0;
}

/** How far a field must be shifted to the right, and how many bits more than its length to load. */
export function expr_offset_shift(e: expr): { shift: number; extra: number } {
	let shift = div_round_up(e.len, 8) * 8 - ((e.offset % 8) + e.len);
	let extra = 0;
	while (shift < 0) {
		shift += 8;
		extra += 8;
	}
	return { shift, extra };
}

function data_mapping_has_interval(data: expr): boolean {
	if (data.etype === EXPR_RANGE || data.etype === EXPR_PREFIX) return true;
	return (
		data.etype === EXPR_CONCAT &&
		data.expressions.some((i) => i.etype === EXPR_RANGE || i.etype === EXPR_PREFIX)
	);
}

/** Evaluates expressions; the heir evaluates statements and commands. */
export abstract class expr_evaluator {
	env: eval_env;
	cmd: nft_cmd;
	/** commands that must run before this one */
	before: nft_cmd[] = [];
	/** and behind it */
	after: nft_cmd[] = [];
	rule: nft_rule | null = null;
	stmt: stmt | null = null;
	set: nft_set | null = null;
	pctx = new proto_ctx(NFPROTO_IPV4);
	ectx: expr_ctx = {
		dtype: null,
		byteorder: BYTEORDER_INVALID,
		len: 0,
		maxval: 0,
		key: null,
	};

	constructor(env: eval_env, cmd: nft_cmd) {
		this.env = env;
		this.cmd = cmd;
	}

	/** Sentences that do not stop evaluation, though the command is lost. */
	complaints: error_record[] = [];

	complain(run: () => void): void {
		try {
			run();
		} catch (e) {
			if (!(e instanceof nft_error)) throw e;
			this.complaints.push(...e.erecs);
		}
	}

	abstract stmt_evaluate(s: stmt): void;
	abstract set_evaluate(set: nft_set): void;
	abstract interval_set_eval(set: nft_set, init: expr | null): void;

	context(dtype: datatype | null, order: byteorder, len: number, maxval = 0): void {
		this.ectx = { dtype, byteorder: order, len, maxval, key: null };
	}

	type_context(dtype: datatype | null, len: number): void {
		this.context(dtype, dtype === null ? BYTEORDER_INVALID : dtype.byteorder, len);
	}

	/* a new set with a number */
	set_alloc(loc: location): nft_set {
		const set = new nft_set(loc);
		set.handle.set_id = ++this.env.set_id;
		return set;
	}

	table_not_found(): never {
		const near = this.env.cache.fuzzy_table(this.cmd.handle.table_name);
		const hint =
			near === null
				? ''
				: `; did you mean table ‘${near.handle.table_name}’ in family ${family2str(near.handle.family)}?`;
		fail(ENOENT_TEXT + hint, this.cmd.handle.table_loc);
	}

	set_not_found(loc: location, name: string): never {
		const near = this.env.cache.fuzzy_set(name);
		const hint =
			near === null
				? ''
				: `; did you mean ${set_is_map(near.item.flags) ? 'map' : 'set'} ‘${near.item.handle.set_name}’ in table ${family2str(near.item.handle.family)} ‘${near.table.handle.table_name}’?`;
		fail(ENOENT_TEXT + hint, loc);
	}

	/** The table that the command names; fails if there is none. */
	cmd_table(): nft_table {
		return this.env.cache.table(this.cmd.handle) ?? this.table_not_found();
	}

	/* in front of the statement in work */
	insert_stmt(nstmt: stmt): void {
		const stmts = this.rule?.stmts;
		if (stmts === undefined || this.stmt === null)
			fail('no rule to add a dependency to', nstmt.location);
		const at = stmts.indexOf(this.stmt);
		stmts.splice(at < 0 ? stmts.length : at, 0, nstmt);
	}

	implicit_set_declaration(name: string, key: expr, data: expr, init: expr): expr {
		if (set_is_datamap(init.set_flags) && key.dtype.byteorder !== key.byteorder)
			key.dtype = set_datatype_alloc(key.dtype, key.byteorder);

		const set = this.set_alloc(init.location);
		set.flags = NFT_SET_ANONYMOUS | init.set_flags;
		set.handle.set_name = name;
		set.key = key;
		set.data = data;
		set.init = init;
		set.automerge = (set.flags & NFT_SET_INTERVAL) !== 0;
		set.handle.merge(this.cmd.handle);
		const h = new handle();
		h.merge(set.handle);
		h.set_loc = init.location;
		const cmd = new nft_cmd('add', 'set', h, init.location);
		cmd.set = set;
		this.before.push(cmd);
		this.set_evaluate(set);
		return set_ref_expr_alloc(init.location, set);
	}

	byteorder_conversion(e: expr, order: byteorder): expr {
		if (e.byteorder === order) return e;
		if (e.etype === EXPR_CONCAT) {
			e.expressions = e.expressions.map((i) => {
				if (
					i.byteorder === BYTEORDER_BIG_ENDIAN ||
					expr_basetype(i).type === TYPE_STRING
				)
					return i;
				return this.evaluate(
					unary_expr_alloc(
						i.location,
						this.conversion_op(i, order),
						i,
					),
				);
			});
			return e;
		}
		const base = expr_basetype(e).type;
		if (base === TYPE_STRING) return e;
		if (base !== TYPE_INTEGER)
			fail(
				`Byteorder mismatch: ${byteorder_names[order]} expected ${expr_name(e)}, ${expr_name(e)} got ${byteorder_names[e.byteorder]}`,
				e.location,
			);
		if (expr_is_constant(e) || e.len < 16) {
			e.byteorder = order;
			return e;
		}
		return this.evaluate(unary_expr_alloc(e.location, this.conversion_op(e, order), e));
	}

	conversion_op(e: expr, order: byteorder): number {
		if (e.byteorder === BYTEORDER_HOST_ENDIAN && order === BYTEORDER_BIG_ENDIAN)
			return OP_HTON;
		if (e.byteorder === BYTEORDER_BIG_ENDIAN && order === BYTEORDER_HOST_ENDIAN)
			return OP_NTOH;
		fail(
			`invalid byte order conversion ${byteorder_names[e.byteorder]} => ${byteorder_names[order]}`,
			e.location,
		);
	}

	/** Evaluates an expression; the answer takes its place. */
	evaluate(e: expr): expr {
		switch (e.etype) {
			case EXPR_SYMBOL:
				return this.symbol(e);
			case EXPR_VARIABLE:
				return e.sym === null ? e : this.evaluate(expr_clone(e.sym.expr));
			case EXPR_SET_REF:
				return e;
			case EXPR_VALUE:
				return this.value(e);
			case EXPR_VERDICT:
				return this.primary(e);
			case EXPR_META:
				if (
					e.meta_key === NFT_META_NFPROTO &&
					this.pctx.family !== NFPROTO_INET &&
					e.flags & EXPR_F_PROTOCOL
				)
					fail(
						'meta nfproto is only useful in the inet family',
						e.location,
					);
				if (e.meta_key === NFT_META_TIME_DAY) {
					this.context(e.dtype, e.byteorder, e.len, 6);
					return e;
				}
				return this.primary(e);
			case EXPR_FIB:
				if (e.flags & EXPR_F_BOOLEAN) {
					e.fib_flags |= NFTA_FIB_F_PRESENT;
					e.dtype = boolean_type;
				}
				return this.primary(e);
			case EXPR_PAYLOAD:
				return this.payload(e);
			case EXPR_CT:
				return this.ct(e);
			case EXPR_PREFIX:
				return this.prefix(e);
			case EXPR_RANGE:
				return this.range(e);
			case EXPR_UNARY:
				return this.unary(e);
			case EXPR_BINOP:
				return this.binop(e);
			case EXPR_CONCAT:
				return this.concat(e);
			case EXPR_LIST:
				return this.list(e);
			case EXPR_SET:
				return this.set_literal(e);
			case EXPR_SET_ELEM:
				return this.set_elem(e);
			case EXPR_MAP:
				return this.map(e);
			case EXPR_MAPPING:
				return this.mapping(e);
			case EXPR_RELATIONAL:
				return this.relational(e);
			case EXPR_NUMGEN:
				return this.numgen(e);
			case EXPR_FLAGCMP:
				return this.flagcmp(e);
			default:
				fail(`unknown expression type ${expr_name(e)}`, e.location);
		}
	}

	symbol(e: expr): expr {
		if (e.is_set_symbol) {
			const table = this.cmd_table();
			const set = table.set(e.identifier);
			if (set === null || set.key === expr.nil)
				this.set_not_found(e.location, e.identifier);
			return this.evaluate(set_ref_expr_alloc(e.location, set));
		}
		const dtype = this.ectx.dtype;
		if (dtype === null) fail('No symbol type information', e.location);
		const p = symbol_parse(e.identifier, dtype, this.env.ifaces);
		if (typeof p === 'string') fail(p, e.location);
		return this.evaluate(
			constant_expr_alloc(e.location, p.dtype, p.byteorder, p.len, p.value),
		);
	}

	value(e: expr): expr {
		switch (expr_basetype(e).type) {
			case TYPE_INTEGER:
				return this.integer(e);
			case TYPE_STRING:
				return this.string(e);
			default:
				fail(`invalid basetype ${expr_basetype(e).name}`, e.location);
		}
	}

	integer(e: expr): expr {
		const mask = mpz_bitmask(this.ectx.len);
		const max = this.ectx.maxval;
		if (max > 0 && e.value > BigInt(max))
			fail(`Value ${e.value} exceeds valid range 0-${max}`, e.location);
		if (e.value > mask)
			fail(`Value ${e.value} exceeds valid range 0-${mask}`, e.location);
		e.byteorder = this.ectx.byteorder;
		e.len = this.ectx.len;
		return e;
	}

	string(e: expr): expr {
		const dtype = this.ectx.dtype ?? e.dtype;
		const len = div_round_up(e.len, 8);
		if (this.ectx.len > 0) {
			if (e.len > this.ectx.len)
				fail(
					`String exceeds maximum length of ${this.ectx.len / 8}`,
					e.location,
				);
			e.len = this.ectx.len;
		}
		const data = mpz_export_data(e.value, BYTEORDER_HOST_ENDIAN, len);
		const nul = data.indexOf(0);
		const text = nul < 0 ? data : data.subarray(0, nul);
		const last = text.length - 1;
		if (last < 0) fail('Empty string is not allowed', e.location);
		const constant = (value: bigint): expr =>
			constant_expr_alloc(e.location, dtype, BYTEORDER_HOST_ENDIAN, e.len, value);

		if (text[last] !== 0x2a)
			return constant(mpz_import_data(text, BYTEORDER_HOST_ENDIAN));
		if (last === 0) fail('All-wildcard strings are not supported', e.location);
		if (text[last - 1] === 0x5c)
			return constant(
				mpz_from_string(bytes_to_string(text).replaceAll('\\*', '*')),
			);

		const v = constant(mpz_import_data(text.subarray(0, last), BYTEORDER_HOST_ENDIAN));
		const p = prefix_expr_alloc(e.location, v, last * 8);
		p.dtype = dtype;
		p.flags |= EXPR_F_CONSTANT;
		p.byteorder = BYTEORDER_HOST_ENDIAN;
		p.len = e.len;
		return p;
	}

	/* the type of what was named decides what is expected next */
	primary(e: expr): expr {
		this.context(e.dtype, e.byteorder, e.len);
		return e;
	}

	/* ---- payload */

	conflict_dependency(protocol: number, e: expr): stmt {
		const desc = this.pctx.protocol[e.base].desc ?? proto_eth;
		const tmpl = desc.templates[desc.protocol_key];
		const left = payload_expr_alloc(e.location, desc, desc.protocol_key);
		const right = constant_expr_alloc(
			e.location,
			tmpl.dtype,
			tmpl.dtype.byteorder,
			tmpl.len,
			BigInt(protocol),
		);
		return this.dependency(
			relational_expr_alloc(e.location, OP_EQ, left, right),
			e.location,
		);
	}

	dependency(dep: expr, loc: location): stmt {
		const s = new expr_stmt(dep.location, dep);
		with_note('dependency statement is invalid', loc, () => {
			this.stmt_evaluate(s);
		});
		return s;
	}

	iiftype_dependency(e: expr): stmt {
		const type = proto_dev_type(e.desc);
		if (type < 0) fail('protocol specification is invalid for this family', e.location);
		const left = meta_expr_alloc(e.location, NFT_META_IIFTYPE);
		const right = constant_expr_alloc(
			e.location,
			left.dtype,
			BYTEORDER_HOST_ENDIAN,
			16,
			BigInt(type),
		);
		return this.dependency(
			relational_expr_alloc(e.location, OP_EQ, left, right),
			e.location,
		);
	}

	add_dependency(desc: proto_desc, upper: proto_desc, e: expr): stmt {
		const protocol = proto_find_num(desc, upper);
		if (protocol < 0)
			fail(
				`conflicting protocols specified: ${desc.name} vs. ${upper.name}`,
				e.location,
			);
		const tmpl = desc.templates[desc.protocol_key];
		const left =
			tmpl.meta_key >= 0
				? meta_expr_alloc(e.location, tmpl.meta_key)
				: payload_expr_alloc(e.location, desc, desc.protocol_key);
		const right = constant_expr_alloc(
			e.location,
			tmpl.dtype,
			tmpl.dtype.byteorder,
			tmpl.len,
			BigInt(protocol),
		);
		const dep = relational_expr_alloc(e.location, OP_EQ, left, right);
		const s = this.dependency(dep, e.location);
		relational_expr_pctx_update(this.pctx, dep);
		return s;
	}

	family_ll_hdr(): proto_desc | null {
		switch (this.pctx.family) {
			case NFPROTO_INET:
				return proto_inet;
			case NFPROTO_BRIDGE:
				return proto_eth;
			case NFPROTO_NETDEV:
				return proto_netdev;
			default:
				return null;
		}
	}

	special_dependency(e: expr): proto_desc | null {
		if (e.base === PROTO_BASE_LL_HDR) return this.family_ll_hdr();
		if (e.base !== PROTO_BASE_TRANSPORT_HDR) return null;
		if (e.desc !== proto_icmp && e.desc !== proto_icmp6 && e.desc !== proto_igmp)
			return proto_inet_service;
		const desc = this.pctx.protocol[PROTO_BASE_LL_HDR].desc ?? this.family_ll_hdr();
		if (desc === null) return null;
		const upper = e.desc === proto_icmp6 ? proto_ip6 : proto_ip;
		this.insert_stmt(this.add_dependency(desc, upper, e));
		return upper;
	}

	/** The match that a field of a header needs in front of it. */
	payload_gen_dependency(e: expr): stmt {
		const h = hook_proto_desc(this.pctx.family);
		if (e.base < h.base) {
			if (e.base < h.base - 1)
				fail('payload base is invalid for this family', e.location);
			return this.iiftype_dependency(e);
		}
		let desc = this.pctx.protocol[e.base - 1].desc ?? this.special_dependency(e);
		if (desc === null)
			fail(
				`ambiguous payload specification: no ${proto_base_names[e.base - 1]} protocol specified`,
				e.location,
			);
		// matches frames with a VLAN tag, too
		if (
			this.pctx.family === NFPROTO_BRIDGE &&
			desc === proto_eth &&
			(e.desc === proto_ip || e.desc === proto_ip6)
		)
			desc = proto_netdev;
		return this.add_dependency(desc, e.desc, e);
	}

	icmp_type_dependency(e: expr, types: number[]): stmt {
		const dtype = e.desc === proto_icmp ? icmp_type_type : icmp6_type_type;
		const left = payload_expr_alloc(e.location, e.desc, e.desc.protocol_key);
		const values = types.map((t) =>
			constant_expr_alloc(e.location, dtype, BYTEORDER_BIG_ENDIAN, 8, BigInt(t)),
		);
		if (values.length === 1)
			return new expr_stmt(
				e.location,
				relational_expr_alloc(e.location, OP_EQ, left, values[0]),
			);
		const set = set_expr_alloc(e.location, null);
		for (const v of values) compound_expr_add(set, set_elem_expr_alloc(e.location, v));
		return new expr_stmt(
			e.location,
			relational_expr_alloc(e.location, OP_IMPLICIT, left, set),
		);
	}

	icmp_dependency(e: expr): stmt | null {
		const known = this.pctx.icmp_type;
		let type: number;
		let types: number[];
		switch (e.tmpl.icmp_dep) {
			case PROTO_ICMP_ECHO:
				type = ICMP_ECHO;
				types = [ICMP_ECHO, ICMP_ECHOREPLY];
				break;
			case PROTO_ICMP6_ECHO:
				type = ICMP6_ECHO_REQUEST;
				types = [ICMP6_ECHO_REQUEST, ICMP6_ECHO_REPLY];
				break;
			case PROTO_ICMP_MTU:
				type = 3;
				types = [type];
				break;
			case PROTO_ICMP_ADDRESS:
				type = 5;
				types = [type];
				break;
			case PROTO_ICMP6_MTU:
				type = 2;
				types = [type];
				break;
			case PROTO_ICMP6_MGMQ:
				type = 130;
				types = [type];
				break;
			case PROTO_ICMP6_PPTR:
				type = 4;
				types = [type];
				break;
			default:
				return null;
		}
		if (
			known === type ||
			(e.tmpl.icmp_dep === PROTO_ICMP6_ECHO && known === ICMP6_ECHO_REPLY)
		)
			return null;
		if (known !== 0)
			fail(
				`incompatible icmp match: rule has ${known}, need ${type}`,
				e.location,
			);
		const s = this.icmp_type_dependency(e, types);
		this.pctx.icmp_type = type;
		with_note('icmp dependency statement is invalid', e.location, () => {
			this.stmt_evaluate(s);
		});
		return s;
	}

	add_ll_offset(e: expr): void {
		for (const d of this.pctx.stacked_ll) e.offset += d.length;
	}

	/* true: no way found */
	resolve_protocol_conflict(desc: proto_desc, e: expr): boolean {
		if (e.base === PROTO_BASE_LL_HDR) {
			if (is_dummy(desc)) {
				this.insert_stmt(this.iiftype_dependency(e));
				desc = e.desc;
			} else if (this.pctx.stacked_ll.includes(e.desc)) return false;
		}
		if (this.pctx.protocol[e.base + 1].desc !== null) return true;
		const link = proto_find_num(desc, e.desc);
		if (link < 0) return true;
		const nstmt = this.conflict_dependency(link, e);
		if (e.base === PROTO_BASE_LL_HDR) this.add_ll_offset(e);
		this.insert_stmt(nstmt);
		return false;
	}

	check_icmp(e: expr): void {
		if (e.desc !== proto_icmp && e.desc !== proto_icmp6) return;
		if (e.tmpl.icmp_dep === PROTO_ICMP_ANY) return;
		const s = this.icmp_dependency(e);
		if (s !== null) this.insert_stmt(s);
	}

	payload_conflict(desc: proto_desc | null, e: expr): never {
		fail(
			`conflicting protocols specified: ${desc?.name ?? ''} vs. ${e.desc.name}`,
			e.location,
		);
	}

	/** Makes sure that the header of a field is there. */
	payload_dependencies(e: expr): void {
		const base = e.base;
		if (e.is_raw) return;
		let desc = this.pctx.protocol[base].desc;
		if (desc === null) {
			this.insert_stmt(this.payload_gen_dependency(e));
			desc = this.pctx.protocol[base].desc ?? e.desc;
			if (desc === e.desc) {
				this.check_icmp(e);
				return;
			}
			if (base === PROTO_BASE_LL_HDR) {
				const link = proto_find_num(desc, e.desc);
				if (link < 0) this.payload_conflict(desc, e);
				const nstmt = this.conflict_dependency(link, e);
				e.offset += this.pctx.stacked_ll[0].length;
				this.insert_stmt(nstmt);
				return;
			}
		}
		if (e.base === desc.base && this.pctx.is_ambiguous(base))
			this.payload_conflict(this.pctx.find_conflict(base, e.desc), e);
		if (desc === e.desc) {
			if (desc.base === PROTO_BASE_LL_HDR) this.add_ll_offset(e);
			this.check_icmp(e);
			return;
		}
		if (e.base === desc.base) {
			if (!this.resolve_protocol_conflict(desc, e)) return;
			if (this.pctx.protocol[base].desc === e.desc) return;
		}
		this.payload_conflict(this.pctx.protocol[base].desc, e);
	}

	payload(e: expr): expr {
		if (e.evaluated) return e;
		this.payload_dependencies(e);
		this.primary(e);
		e.evaluated = true;
		return payload_needs_adjustment(e) ? this.bits(e) : e;
	}

	/* load whole bytes, mask and shift */
	bits(e: expr): expr {
		const { shift, extra } = expr_offset_shift(e);
		const masklen = e.len + shift;
		const base = expr_basetype(e);
		const constant = (len: number, v: bigint): expr =>
			constant_expr_alloc(e.location, base, BYTEORDER_HOST_ENDIAN, len, v);
		const mask = constant(masklen, mpz_bitmask(e.len) << BigInt(shift));
		let out = binop_expr_alloc(e.location, OP_AND, e, mask);
		out.dtype = e.dtype;
		out.byteorder = e.byteorder;
		out.len = masklen;
		if (shift) {
			out = binop_expr_alloc(
				e.location,
				OP_RSHIFT,
				out,
				constant(8, BigInt(shift)),
			);
			out.dtype = e.dtype;
			out.byteorder = e.byteorder;
			out.len = masklen;
		}
		e.len += extra;
		return out;
	}

	/* ---- ct */

	ct_nh_dependency(e: expr): void {
		const now = this.pctx.protocol[PROTO_BASE_NETWORK_HDR].desc;
		let base: proto_desc;
		if (e.nfproto === NFPROTO_IPV4) base = proto_ip;
		else if (e.nfproto === NFPROTO_IPV6) base = proto_ip6;
		else {
			if (now === null) {
				const c = e.ct_key === NFT_CT_SRC ? 's' : 'd';
				fail(
					`cannot determine ip protocol version, use "ip ${c}addr" or "ip6 ${c}addr" instead`,
					e.location,
				);
			}
			base = now;
			if (base === proto_ip) e.nfproto = NFPROTO_IPV4;
		}
		if (base === now) return;
		if (now !== null)
			fail(
				`conflicting dependencies: ${base.name} vs. ${now.name}\n`,
				e.location,
			);
		if (this.pctx.family === NFPROTO_IPV4 || this.pctx.family === NFPROTO_IPV6) return;
		const left = ct_expr_alloc(e.location, NFT_CT_L3PROTOCOL, e.direction);
		const right = constant_expr_alloc(
			e.location,
			left.dtype,
			left.dtype.byteorder,
			left.len,
			BigInt(e.nfproto),
		);
		const dep = relational_expr_alloc(e.location, OP_EQ, left, right);
		relational_expr_pctx_update(this.pctx, dep);
		this.insert_stmt(new expr_stmt(dep.location, dep));
	}

	ct(e: expr): expr {
		const layer = this.pctx.protocol[PROTO_BASE_NETWORK_HDR];
		const conflict = (other: string): never => {
			const locs = layer.location === null ? [] : [layer.location];
			fail(
				`conflicting protocols specified: ${layer.desc?.name ?? ''} vs. ${other}`,
				e.location,
				...locs,
			);
		};
		switch (e.ct_key) {
			case NFT_CT_SRC:
			case NFT_CT_DST:
				this.complain(() => {
					this.ct_nh_dependency(e);
				});
				break;
			case NFT_CT_SRC_IP:
			case NFT_CT_DST_IP:
				if (layer.desc === proto_ip6) conflict('ip');
				break;
			case NFT_CT_SRC_IP6:
			case NFT_CT_DST_IP6:
				if (layer.desc === proto_ip) conflict('ip6');
				break;
			default:
		}
		ct_expr_update_type(this.pctx, e);
		return this.primary(e);
	}

	/* ---- operators */

	prefix(e: expr): expr {
		e.left = this.evaluate(e.left);
		const base = e.left;
		if (!expr_is_constant(base))
			fail(
				'Prefix expression is undefined for non-constant expressions',
				e.location,
			);
		const type = expr_basetype(base).type;
		if (type !== TYPE_INTEGER && type !== TYPE_STRING)
			fail(
				`Prefix expression is undefined for ${base.dtype.desc} types`,
				e.location,
			);
		if (e.prefix_len > base.len)
			fail(
				`Prefix length ${e.prefix_len} is invalid for type of ${base.len} bits width`,
				e.location,
			);
		const mask = constant_expr_alloc(
			e.location,
			expr_basetype(base),
			BYTEORDER_HOST_ENDIAN,
			base.len,
			type === TYPE_INTEGER
				? mpz_prefixmask(base.len, e.prefix_len)
				: mpz_bitmask(e.prefix_len),
		);
		e.left = this.evaluate(binop_expr_alloc(e.location, OP_AND, base, mask));
		e.dtype = e.left.dtype;
		e.byteorder = e.left.byteorder;
		e.len = e.left.len;
		e.flags |= EXPR_F_CONSTANT;
		return e;
	}

	range_end(range: expr, e: expr): expr {
		e = this.evaluate(e);
		if (expr_basetype(e).type !== TYPE_INTEGER)
			fail(
				`Range expression is undefined for ${e.dtype.desc} types`,
				e.location,
				range.location,
			);
		if (!expr_is_constant(e)) fail('Range is not constant', e.location, range.location);
		return e;
	}

	range(e: expr): expr {
		e.left = this.range_end(e, e.left);
		e.right = this.range_end(e, e.right);
		if (e.left.value > e.right.value)
			fail('Range has zero or negative size', e.location);
		e.dtype = e.left.dtype;
		e.flags |= EXPR_F_CONSTANT;
		return e;
	}

	unary(e: expr): expr {
		e.left = this.evaluate(e.left);
		e.dtype = e.left.dtype;
		e.byteorder = e.op === OP_HTON ? BYTEORDER_BIG_ENDIAN : BYTEORDER_HOST_ENDIAN;
		e.len = e.left.len;
		return e;
	}

	constant_binop_simplify(e: expr): expr {
		const mask = mpz_bitmask(e.len);
		const l = e.left.value;
		const r = e.right.value;
		let v: bigint;
		switch (e.op) {
			case OP_AND:
				v = l & r & mask;
				break;
			case OP_XOR:
				v = (l ^ r) & mask;
				break;
			case OP_OR:
				v = (l | r) & mask;
				break;
			case OP_LSHIFT:
				v = (l << r) & mask;
				break;
			default:
				v = (l & mask) >> r;
		}
		return this.evaluate(
			constant_expr_alloc(e.location, e.dtype, e.byteorder, e.len, v),
		);
	}

	shift(e: expr): expr {
		if (e.right.value >= BigInt(e.left.len))
			fail(
				`${e.op === OP_LSHIFT ? 'Left' : 'Right'} shift of ${e.right.value} bits is undefined for type of ${e.left.len} bits width`,
				e.right.location,
				e.left.location,
			);
		e.left = this.byteorder_conversion(e.left, BYTEORDER_HOST_ENDIAN);
		e.right = this.byteorder_conversion(e.right, BYTEORDER_HOST_ENDIAN);
		e.byteorder = BYTEORDER_HOST_ENDIAN;
		e.len = e.left.len;
		return expr_is_constant(e.left) ? this.constant_binop_simplify(e) : e;
	}

	bitwise(e: expr): expr {
		e.right = this.byteorder_conversion(e.right, e.left.byteorder);
		e.dtype = e.left.dtype;
		e.byteorder = e.left.byteorder;
		e.len = e.left.len;
		return expr_is_constant(e.left) ? this.constant_binop_simplify(e) : e;
	}

	binop(e: expr): expr {
		const sym = expr_op_symbols[e.op];
		const is_shift = e.op === OP_LSHIFT || e.op === OP_RSHIFT;
		e.left = this.evaluate(e.left);
		const left = e.left;
		if (is_shift) this.context(integer_type, left.byteorder, this.ectx.len);
		e.right = this.evaluate(e.right);
		const right = e.right;
		const base = expr_basetype(left).type;
		if (base !== TYPE_INTEGER && base !== TYPE_STRING)
			fail(
				`Binary operation (${sym}) is undefined for ${left.dtype.desc} types`,
				left.location,
				e.location,
			);
		if (expr_is_constant(left) && !expr_is_singleton(left))
			fail(
				`Binary operation (${sym}) is undefined for ${expr_name(left)} expressions`,
				left.location,
				e.location,
			);
		if (!expr_is_constant(right))
			fail(
				`Right hand side of binary operation (${sym}) must be constant`,
				right.location,
				e.location,
			);
		if (!expr_is_singleton(right))
			fail(
				`Binary operation (${sym}) is undefined for ${expr_name(right)} expressions`,
				left.location,
				e.location,
			);
		return is_shift ? this.shift(e) : this.bitwise(e);
	}

	concat(e: expr): expr {
		const dtype = this.ectx.dtype;
		const key_ctx =
			this.ectx.key !== null && this.ectx.key.etype === EXPR_CONCAT
				? this.ectx.key
				: null;
		let off = dtype === null ? 0 : dtype.subtypes;
		let flags = EXPR_F_CONSTANT | EXPR_F_SINGLETON;
		let ntype = 0;
		let size = 0;
		e.field_len = [];

		for (let n = 0; n < e.expressions.length; n++) {
			let i = e.expressions[n];
			const key = key_ctx === null ? null : (key_ctx.expressions[n] ?? null);
			if (key_ctx !== null && key === null)
				fail(
					'too many concatenation components',
					e.location,
					key_ctx.location,
				);
			if (is_ct_addr(i))
				fail('specify either ip or ip6 for address matching', i.location);
			let t = invalid_type;
			let dsize = 0;
			let bo: byteorder = BYTEORDER_INVALID;
			if (key !== null) {
				t = key.dtype;
				dsize = key.len;
				bo = key.byteorder;
				off--;
			} else if (dtype !== null && off > 0) {
				t = concat_subtype_lookup(dtype.type, --off);
				dsize = t.size;
				bo = t.byteorder;
			}
			this.context(t, bo, dsize);
			i = this.evaluate(i);
			e.expressions[n] = i;
			flags &= i.flags;
			if (key === null && i.dtype.type === TYPE_INTEGER)
				i.dtype = datatype_clone(i.dtype, i.len, i.byteorder);
			if (dtype === null && i.dtype.size === 0)
				fail(
					`can not use variable sized data types (${i.dtype.name}) in concat expressions`,
					i.location,
					e.location,
				);
			if (dsize === 0) dsize = i.dtype.size;
			ntype = concat_subtype_add(ntype, i.dtype.type);
			e.field_len.push(div_round_up(dsize, 8));
			size += netlink_padded_len(dsize);
		}
		e.flags |= flags;
		e.dtype = concat_type_alloc(ntype);
		e.len = size;
		if (off > 0)
			fail(
				`datatype mismatch, expected ${dtype?.desc ?? ''}, expression has type ${e.dtype.desc}`,
				e.location,
			);
		this.type_context(e.dtype, e.len);
		this.ectx.key = key_ctx ?? e;
		return e;
	}

	list(e: expr): expr {
		const { dtype, len } = this.ectx;
		let v = 0n;
		for (const member of e.expressions) {
			const i = this.evaluate(member);
			if (i.etype !== EXPR_VALUE)
				fail('List member must be a constant value', i.location);
			if (i.dtype.basetype?.type !== TYPE_BITMASK)
				fail(`Basetype of type ${i.dtype.desc} is not bitmask`, i.location);
			v |= i.value;
		}
		return constant_expr_alloc(
			e.location,
			dtype ?? invalid_type,
			BYTEORDER_HOST_ENDIAN,
			len,
			v,
		);
	}

	/* ---- sets */

	elem_stmts(set: nft_set, e: expr): void {
		const kind = set_is_map(set.flags) ? 'map' : 'set';
		const mine = e.stmt_list;
		const decl = set.stmt_list;
		if (mine.length === 0) return;
		if (decl.length > 0 && mine.length !== decl.length)
			fail(
				`number of statements mismatch, set expects ${decl.length} but element has ${mine.length}`,
				e.location,
			);
		if (decl.length === 0) {
			if (!(set.flags & NFT_SET_EVAL))
				fail(`missing statement in ${kind} declaration`, mine[0].location);
			return;
		}
		for (const [n, s] of mine.entries())
			if (s.type !== decl[n].type)
				fail(
					`statement mismatch, element expects ${s.name}, but ${kind} has type ${decl[n].name}`,
					s.location,
				);
	}

	set_elem(e: expr): expr {
		const set = this.set;
		if (set !== null) {
			this.elem_stmts(set, e);
			this.context(set.key.dtype, set.key.byteorder, set.key.len);
			this.ectx.key = set.key;
		}
		e.key = this.evaluate(e.key);
		if (set !== null && !(set.flags & (NFT_SET_ANONYMOUS | NFT_SET_INTERVAL))) {
			const parts = e.key.etype === EXPR_CONCAT ? e.key.expressions : [e.key];
			for (const k of parts)
				if (k.etype === EXPR_PREFIX || k.etype === EXPR_RANGE)
					fail(
						`You must add 'flags interval' to your ${set_is_map(set.flags) ? 'map' : 'set'} declaration if you want to add ${expr_name(k)} elements`,
						k.location,
					);
		}
		e.dtype = e.key.dtype;
		e.len = e.key.len;
		e.flags = e.key.flags;
		return e;
	}

	set_literal(e: expr): expr {
		const out: expr[] = [];
		const tail: expr[] = [];
		for (const member of e.expressions) {
			let i = this.evaluate(member);
			if (
				i.etype === EXPR_MAPPING &&
				i.left.etype === EXPR_SET_ELEM &&
				i.left.key.etype === EXPR_SET
			) {
				for (const j of i.left.key.expressions) {
					const m = mapping_expr_alloc(
						i.location,
						j,
						expr_clone(i.right),
					);
					m.flags |= i.flags & EXPR_F_CONSTANT;
					tail.push(m);
					e.size++;
				}
				continue;
			}
			const elem = i.etype === EXPR_MAPPING ? i.left : i;
			if (elem.etype === EXPR_SET_ELEM && elem.key.etype === EXPR_SET_REF)
				fail('Set reference cannot be part of another set', i.location);
			if (elem.etype === EXPR_SET_ELEM && elem.key.etype === EXPR_SET) {
				e.set_flags |= elem.key.set_flags;
				i = elem.key;
			}
			if (!expr_is_constant(i)) fail('Set member is not constant', i.location);
			if (i.etype === EXPR_SET) {
				out.push(...i.expressions);
				e.size += i.size - 1;
				e.set_flags |= i.set_flags;
				continue;
			}
			if (!expr_is_singleton(i)) {
				e.set_flags |= NFT_SET_INTERVAL;
				if (elem.key.etype === EXPR_CONCAT) e.set_flags |= NFT_SET_CONCAT;
			}
			out.push(i);
		}
		e.expressions = [...out, ...tail];

		if (this.set !== null) {
			if (this.set.flags & NFT_SET_CONCAT) e.set_flags |= NFT_SET_CONCAT;
		} else if (e.size === 1) {
			const i = e.expressions[0];
			if (
				i.etype === EXPR_SET_ELEM &&
				(i.key.etype === EXPR_PREFIX ||
					i.key.etype === EXPR_RANGE ||
					i.key.etype === EXPR_VALUE)
			)
				return i.key;
		}
		e.set_flags |= NFT_SET_CONSTANT;
		if (this.ectx.dtype !== null) e.dtype = this.ectx.dtype;
		e.len = this.ectx.len;
		e.flags |= EXPR_F_CONSTANT;
		return e;
	}

	/** The key of a map may not be an address whose family is not known. */
	check_map_arg(e: expr): void {
		for (const i of e.etype === EXPR_CONCAT ? e.expressions : [e])
			if (is_ct_addr(i))
				fail('specify either ip or ip6 for address matching', i.location);
	}

	/** Evaluates the elements of the anonymous set of a map. */
	map_elements(set: nft_set): void {
		this.set = set;
		if (set.init === null) return;
		set.init = this.evaluate(set.init);
		if (set_is_interval(set.init.set_flags) && !(set.init.set_flags & NFT_SET_CONCAT))
			this.interval_set_eval(set, set.init);
	}

	/** Takes over what the elements of a map say about it. */
	map_concat_info(e: expr): void {
		const set = set_of(e.right);
		set.flags |= set.init?.set_flags ?? 0;
		if (set.flags & NFT_SET_INTERVAL && e.left.etype === EXPR_CONCAT)
			set.field_len = [...e.left.field_len];
	}

	/** The types of map and key must agree; interval maps are looked up in network order. */
	map_finish(e: expr): expr {
		const set = set_of(e.right);
		if (!datatype_equal(e.left.dtype, set.key.dtype))
			fail(
				`datatype mismatch, map expects ${set.key.dtype.desc}, mapping expression has type ${e.left.dtype.desc}`,
				e.right.location,
				e.left.location,
			);
		e.dtype = set.data.dtype;
		e.flags |= EXPR_F_CONSTANT;
		if (set.flags & NFT_SET_INTERVAL)
			e.left = this.byteorder_conversion(e.left, BYTEORDER_BIG_ENDIAN);
		return e;
	}

	/** Evaluates what is looked up in a map. */
	map_arg(e: expr): void {
		this.type_context(null, 0);
		e.left = this.evaluate(e.left);
		if (expr_is_constant(e.left))
			fail('Map expression can not be constant', e.left.location);
	}

	map(e: expr): expr {
		const want = this.ectx;
		this.check_map_arg(e.left);
		this.map_arg(e);
		const mappings = e.right;
		mappings.set_flags |= NFT_SET_MAP;
		switch (mappings.etype) {
			case EXPR_SET: {
				const key =
					this.ectx.key !== null &&
					this.ectx.key.etype === EXPR_CONCAT
						? expr_clone(this.ectx.key)
						: constant_expr_alloc(
								e.location,
								this.ectx.dtype ?? invalid_type,
								this.ectx.byteorder,
								this.ectx.len,
								0n,
							);
				if (want.dtype === null)
					fail('No symbol type information', e.location);
				const dtype = set_datatype_alloc(want.dtype, want.byteorder);
				const data =
					dtype.type === TYPE_VERDICT
						? verdict_expr_alloc(netlink_location, 0, null)
						: constant_expr_alloc(
								netlink_location,
								dtype,
								dtype.byteorder,
								want.len,
								0n,
							);
				e.right = this.implicit_set_declaration(
					'__map%d',
					key,
					data,
					mappings,
				);
				const set = set_of(e.right);
				this.map_elements(set);
				this.type_context(set.key.dtype, set.key.len);
				this.binop_transfer(e);
				if (set.data.flags & EXPR_F_INTERVAL) set.data.len *= 2;
				set.key.len = this.ectx.len;
				this.set = null;
				this.map_concat_info(e);
				break;
			}
			case EXPR_SYMBOL:
				e.right = this.evaluate(mappings);
				if (
					e.right.etype !== EXPR_SET_REF ||
					!set_is_datamap(set_of(e.right).flags)
				)
					fail('Expression is not a map', e.right.location);
				break;
			case EXPR_SET_REF:
				break;
			default:
				e.right = this.evaluate(mappings);
				if (e.right.etype === EXPR_SET) return this.map(e);
				fail('Expression is not a map', e.right.location);
		}
		return this.map_finish(e);
	}

	mapping(e: expr): expr {
		const set = this.set;
		if (set === null) fail('mapping outside of map context', e.location);
		if (!set_is_map(set.flags)) fail('set is not a map', set.location);
		this.type_context(set.key.dtype, set.key.len);
		e.left = this.evaluate(e.left);
		if (!expr_is_constant(e.left)) fail('Key must be a constant', e.left.location);
		e.flags |= e.left.flags & EXPR_F_SINGLETON;
		if (set.data !== expr.nil) {
			const half =
				!set_is_anonymous(set.flags) && set.data.flags & EXPR_F_INTERVAL;
			this.context(
				set.data.dtype,
				set.data.byteorder,
				half ? set.data.len / 2 : set.data.len,
			);
		}
		e.right = this.evaluate(e.right);
		if (!expr_is_constant(e.right)) fail('Value must be a constant', e.right.location);
		if (set_is_anonymous(set.flags) && data_mapping_has_interval(e.right))
			set.data.flags |= EXPR_F_INTERVAL;
		if (!(set.data.flags & EXPR_F_INTERVAL) && !expr_is_singleton(e.right))
			fail('Value must be a singleton', e.right.location);
		e.flags |= EXPR_F_CONSTANT;
		return e;
	}

	numgen(e: expr): expr {
		if (
			this.ectx.dtype !== null &&
			this.ectx.dtype.basetype === integer_type &&
			this.ectx.len === 32
		) {
			e.dtype = this.ectx.dtype;
			e.len = this.ectx.len;
		}
		this.context(e.dtype, e.byteorder, e.len, e.ng_mod + e.ng_offset - 1);
		return e;
	}

	/* ---- relations */

	binop_can_transfer(left: expr, right: expr): boolean {
		switch (right.etype) {
			case EXPR_VALUE:
				break;
			case EXPR_SET_ELEM:
				return this.binop_can_transfer(left, right.key);
			case EXPR_RANGE:
				return (
					this.binop_can_transfer(left, right.left) &&
					this.binop_can_transfer(left, right.right)
				);
			case EXPR_MAPPING:
				return this.binop_can_transfer(left, right.left);
			default:
				return false;
		}
		const shift = Number(left.right.value);
		switch (left.op) {
			case OP_LSHIFT:
				if (mpz_scan1(right.value, 0) < shift)
					fail(
						'Comparison is always false',
						right.location,
						left.location,
					);
				return true;
			case OP_RSHIFT:
				if (this.ectx.len < right.len + shift) this.ectx.len += shift;
				return true;
			case OP_XOR:
				return true;
			default:
				return false;
		}
	}

	binop_transfer_one(left: expr, right: expr): expr {
		switch (right.etype) {
			case EXPR_MAPPING:
				right.left = this.binop_transfer_one(left, right.left);
				return right;
			case EXPR_SET_ELEM:
				right.key = this.binop_transfer_one(left, right.key);
				return right;
			case EXPR_RANGE:
				right.left = this.binop_transfer_one(left, right.left);
				right.right = this.binop_transfer_one(left, right.right);
				return right;
			case EXPR_VALUE:
				break;
			default:
				return right;
		}
		const op =
			left.op === OP_LSHIFT
				? OP_RSHIFT
				: left.op === OP_RSHIFT
					? OP_LSHIFT
					: OP_XOR;
		return this.evaluate(
			binop_expr_alloc(right.location, op, right, expr_clone(left.right)),
		);
	}

	/* null: nothing was moved */
	binop_transfer_rhs(left: expr, right: expr): expr | null {
		switch (right.etype) {
			case EXPR_VALUE:
			case EXPR_RANGE:
				return this.binop_can_transfer(left, right)
					? this.binop_transfer_one(left, right)
					: null;
			case EXPR_SET:
				if (
					!right.expressions.every((i) =>
						this.binop_can_transfer(left, i),
					)
				)
					return null;
				right.expressions = right.expressions.map((i) =>
					this.binop_transfer_one(left, i),
				);
				return right;
			case EXPR_SET_REF: {
				const set = set_of(right);
				if (!set_is_anonymous(set.flags) || set.init === null) return null;
				return this.binop_transfer_rhs(left, set.init) === null
					? null
					: right;
			}
			default:
				return null;
		}
	}

	/** Moves an operation that can be inverted from the left to the constants on the right. */
	binop_transfer(e: expr): void {
		const left = e.left;
		if (left.etype !== EXPR_BINOP) return;
		const right = this.binop_transfer_rhs(left, e.right);
		if (right === null) return;
		e.right = right;
		if (left.op === OP_RSHIFT) {
			left.right = expr_clone(left.right);
			left.right.value = mpz_bitmask(left.left.len) << left.right.value;
			left.op = OP_AND;
		} else {
			left.left.dtype = left.dtype;
			e.left = left.left;
		}
	}

	/** A span over midnight or the end of the week becomes what is not between its ends. */
	cyclic_range(e: expr): void {
		const range = e.right;
		if (range.etype !== EXPR_RANGE || (e.op !== OP_EQ && e.op !== OP_NEQ && e.op !== OP_IMPLICIT)) return;
		range.left = this.range_end(range, range.left);
		range.right = this.range_end(range, range.right);
		if (range.left.value <= range.right.value) return;
		[range.left, range.right] = [range.right, range.left];
		e.op = e.op === OP_NEQ ? OP_EQ : OP_NEQ;
	}

	relational(e: expr): expr {
		e.left = this.evaluate(e.left);
		const left = e.left;
		if (left.meta_key === NFT_META_TIME_HOUR || left.meta_key === NFT_META_TIME_DAY) this.cyclic_range(e);
		e.right = this.evaluate(e.right);
		let right = e.right;
		const op = expr_op_symbols[e.op] ?? '(null)';

		if (!expr_is_constant(right))
			fail(
				`Right hand side of relational expression (${op}) must be constant`,
				right.location,
				e.location,
			);
		if (expr_is_constant(left))
			fail(
				`Relational expression (${op}) has constant value`,
				left.location,
				right.location,
			);
		if (!datatype_equal(left.dtype, right.dtype))
			fail(
				`datatype mismatch, expected ${left.dtype.desc}, expression has type ${right.dtype.desc}`,
				right.location,
				left.location,
			);
		switch (e.op) {
			case OP_LT:
			case OP_GT:
			case OP_LTE:
			case OP_GTE:
				if (left.etype === EXPR_CONCAT)
					fail(
						`Relational expression (${op}) is undefined for ${expr_name(left)} expressions`,
						left.location,
						e.location,
					);
				if (!expr_is_singleton(right))
					fail(
						`Relational expression (${op}) is undefined for ${expr_name(right)} expressions`,
						right.location,
						e.location,
					);
				e.left = this.byteorder_conversion(e.left, BYTEORDER_BIG_ENDIAN);
				e.right = this.byteorder_conversion(e.right, BYTEORDER_BIG_ENDIAN);
				this.binop_transfer(e);
				return e;
			case OP_EQ:
			case OP_IMPLICIT:
				relational_expr_pctx_update(this.pctx, e);
				break;
			case OP_NEG:
				if (left.etype === EXPR_BINOP)
					fail(
						'cannot combine negation with binary expression',
						left.location,
						right.location,
					);
				if (
					right.etype !== EXPR_VALUE ||
					right.dtype.basetype?.type !== TYPE_BITMASK
				)
					fail(
						'negation can only be used with singleton bitmask values',
						left.location,
						right.location,
					);
				break;
			default:
		}
		switch (right.etype) {
			case EXPR_RANGE:
				e.left = this.byteorder_conversion(e.left, BYTEORDER_BIG_ENDIAN);
				right.left = this.byteorder_conversion(
					right.left,
					BYTEORDER_BIG_ENDIAN,
				);
				right.right = this.byteorder_conversion(
					right.right,
					BYTEORDER_BIG_ENDIAN,
				);
				break;
			case EXPR_PREFIX:
				right.left = this.byteorder_conversion(right.left, left.byteorder);
				break;
			case EXPR_VALUE:
				e.right = this.byteorder_conversion(right, left.byteorder);
				break;
			case EXPR_SET:
				if (right.size === 0) fail('Set is empty', right.location);
				right = this.implicit_set_declaration(
					'__set%d',
					left,
					expr.nil,
					right,
				);
				e.right = right;
				this.relation_with_set(e, left, right);
				break;
			case EXPR_SET_REF:
				this.relation_with_set(e, left, right);
				break;
			case EXPR_CONCAT:
				fail(
					'Use concatenations with sets and maps, not singleton values',
					left.location,
					right.location,
				);
				break;
			default:
				fail(`invalid expression type ${expr_name(right)}`, right.location);
		}
		this.binop_transfer(e);
		return e;
	}

	relation_with_set(e: expr, left: expr, right: expr): void {
		if (is_ct_addr(left))
			fail('specify either ip or ip6 for address matching', left.location);
		if (set_of(right).flags & NFT_SET_INTERVAL)
			e.left = this.byteorder_conversion(e.left, BYTEORDER_BIG_ENDIAN);
	}

	flagcmp(e: expr): expr {
		if (e.op !== OP_EQ && e.op !== OP_NEQ)
			fail('either == or != is allowed', e.location);
		const binop = binop_expr_alloc(e.location, OP_AND, e.left, e.mask);
		return this.evaluate(relational_expr_alloc(e.location, e.op, binop, e.right));
	}
}
