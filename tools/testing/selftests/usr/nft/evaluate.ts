// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, evaluation of statements, declarations and commands.
 * Modelled on the second half of evaluate.c and on rule.c of nftables 1.0.6. Commands see what the
 * commands before them declared, through the cache.
 */

import {
	NFPROTO_ARP,
	NFPROTO_BRIDGE,
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
	NFPROTO_NETDEV,
	NF_INET_INGRESS,
} from '../../../../../include/uapi/linux/netfilter.ts';
import { NF_NAT_RANGE_PROTO_SPECIFIED } from '../../../../../include/uapi/linux/netfilter/nf_nat.ts';
import {
	NFT_CHAIN_BASE,
	NFT_CHAIN_BINDING,
	NFT_CONTINUE,
	NFT_LOGLEVEL_AUDIT,
	NFT_META_PROTOCOL,
	NFT_OBJ_MAXNAMELEN,
	NFT_REG_SIZE,
	NFT_REJECT_ICMPX_PORT_UNREACH,
	NFT_REJECT_ICMPX_UNREACH,
	NFT_REJECT_ICMP_UNREACH,
	NFT_REJECT_TCP_RST,
	NFT_SET_CONCAT,
	NFT_SET_EVAL,
	NFT_SET_INTERVAL,
	NFT_SET_OBJECT,
	NFT_SET_TIMEOUT,
} from '../../../../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	IFNAMSIZ,
	TYPE_BITS,
	TYPE_INET_SERVICE,
	TYPE_INTEGER,
	TYPE_IP6ADDR,
	TYPE_IPADDR,
	TYPE_VERDICT,
	concat_subtype_add,
	concat_type_alloc,
	type datatype,
	datatype_basetype,
	datatype_clone,
	datatype_equal,
	ifname_type,
	inet_service_type,
	integer_type,
	invalid_type,
	ip6addr_type,
	ipaddr_type,
	policy_type,
	priority_type,
	string_type,
	symbol_parse,
	verdict_type,
} from './datatype.ts';
import { fail, internal_location, type location, netlink_location, with_note } from './erec.ts';
import {
	ENOENT_TEXT,
	expr_evaluator,
	expr_offset_shift,
	is_ct_addr,
	payload_needs_adjustment,
} from './eval_expr.ts';
import {
	EXPR_CONCAT,
	EXPR_F_CONSTANT,
	EXPR_F_INTERVAL,
	EXPR_F_PROTOCOL,
	EXPR_F_SINGLETON,
	EXPR_LIST,
	EXPR_MAP,
	EXPR_MAPPING,
	EXPR_META,
	EXPR_PAYLOAD,
	EXPR_PREFIX,
	EXPR_RELATIONAL,
	EXPR_SET,
	EXPR_SET_ELEM,
	EXPR_SET_REF,
	EXPR_SYMBOL,
	EXPR_VALUE,
	EXPR_VARIABLE,
	EXPR_VERDICT,
	OP_AND,
	OP_EQ,
	OP_IMPLICIT,
	OP_LSHIFT,
	OP_NEQ,
	OP_OR,
	OP_XOR,
	binop_expr_alloc,
	constant_expr_alloc,
	expr,
	expr_basetype,
	expr_clone,
	expr_is_constant,
	expr_name,
	expr_to_string,
	payload_expr_alloc,
	payload_init_raw,
	range_expr_alloc,
	set_of,
} from './expr.ts';
import { set_automerge, set_delete, set_overlap } from './intervals.ts';
import {
	BYTEORDER_BIG_ENDIAN,
	BYTEORDER_HOST_ENDIAN,
	type byteorder,
	div_round_up,
	mpz_bitmask,
	mpz_from_string,
	mpz_prefixmask,
	netlink_padded_len,
} from './mpz.ts';
import {
	ETH_P_IP,
	ETH_P_IPV6,
	PROTO_BASE_LL_HDR,
	PROTO_BASE_NETWORK_HDR,
	PROTO_BASE_TRANSPORT_HDR,
	proto_ctx,
	type proto_desc,
	proto_eth,
	proto_find_num,
	proto_inet_service,
	proto_ip,
	proto_ip6,
	proto_netdev,
	proto_tcp,
	proto_th,
	proto_vlan,
} from './proto.ts';
import {
	NF_INET_NOHOOK,
	family2str,
	map_is_literal,
	nft_chain,
	nft_cmd,
	type nft_cmd_draft,
	type nft_flowtable,
	type nft_obj,
	type nft_rule,
	type nft_set,
	nft_table,
	set_is_anonymous,
	set_is_datamap,
	set_is_interval,
	set_is_literal,
	set_is_map,
	set_is_meter,
	set_is_objmap,
	std_prio_lookup,
	str2hooknum,
} from './rule.ts';
import type { expr_stmt } from './stmt.ts';
import {
	ICMP6_DST_UNREACH_NOPORT,
	ICMP_PORT_UNREACH,
	STMT_F_STATEFUL,
	STMT_F_TERMINAL,
	STMT_LOG_GROUP,
	STMT_LOG_LEVEL,
	STMT_LOG_QTHRESHOLD,
	STMT_LOG_SNAPLEN,
	STMT_NAT_F_CONCAT,
	STMT_NAT_F_INTERVAL,
	type chain_stmt,
	type log_stmt,
	type nat_stmt,
	type objref_stmt,
	type payload_stmt,
	type reject_stmt,
	type set_stmt,
	type stmt,
	type verdict_stmt,
} from './stmt.ts';

/* several statements per element: kernels before 5.12 do not know it */
const NFT_SET_EXPR = 0x100;
const NFT_NAME_MAXLEN = 128;
const NF_LOG_PREFIXLEN = 128;
const NFT_REG32_SIZE = 4;
const IPPROTO_TCP = 6;

export const NFT_CACHE_TABLE = 1 << 1;
export const NFT_CACHE_CHAIN = (1 << 2) | NFT_CACHE_TABLE;
export const NFT_CACHE_SET = (1 << 3) | NFT_CACHE_TABLE;
export const NFT_CACHE_FLOWTABLE = (1 << 4) | NFT_CACHE_TABLE;
export const NFT_CACHE_OBJECT = (1 << 5) | NFT_CACHE_TABLE;
export const NFT_CACHE_SETELEM = (1 << 6) | NFT_CACHE_SET;
export const NFT_CACHE_RULE = (1 << 7) | NFT_CACHE_CHAIN;
export const NFT_CACHE_SETELEM_MAYBE = 1 << 8;
/** rules that a batch adds go into the cache, for those that refer to them */
export const NFT_CACHE_UPDATE = 1 << 9;
export const NFT_CACHE_TERSE = 1 << 10;
export const NFT_CACHE_FLUSHED = 1 << 11;
export const NFT_CACHE_FULL =
	NFT_CACHE_CHAIN |
	NFT_CACHE_SETELEM |
	NFT_CACHE_RULE |
	NFT_CACHE_OBJECT |
	NFT_CACHE_FLOWTABLE;

function addr_dtype(family: number): datatype {
	if (family === NFPROTO_IPV4) return ipaddr_type;
	return family === NFPROTO_IPV6 ? ip6addr_type : invalid_type;
}

/* the key of a map brings a transport protocol with it */
function addr_has_th_expr(map: expr | null): boolean {
	if (map === null || map.etype !== EXPR_MAP || map.left.etype !== EXPR_CONCAT) return false;
	for (const i of map.left.expressions) {
		if (
			i.etype === EXPR_PAYLOAD &&
			i.base === PROTO_BASE_TRANSPORT_HDR &&
			i.desc !== proto_th
		)
			return true;
		if (!(i.flags & EXPR_F_PROTOCOL)) continue;
		if (i.etype !== EXPR_META && i.etype !== EXPR_PAYLOAD) return false;
		if (i.base === PROTO_BASE_NETWORK_HDR) return true;
	}
	return false;
}

/* ---- adjacent payload matches become one */

function payload_can_merge(e1: expr, e2: expr): boolean {
	if (e1.base !== e2.base || e1.offset + e1.len !== e2.offset) return false;
	if (e1.offset % 8 || e1.len % 8 || e2.offset % 8 || e2.len % 8) return false;
	const total = e1.len + e2.len;
	if (total > NFT_REG_SIZE * 8) return false;
	// up to four bytes the kernel compares without a call
	if (total <= NFT_REG32_SIZE * 8) return true;
	if (e1.base === PROTO_BASE_LL_HDR) return true;
	return e1.len > NFT_REG32_SIZE * 8 || e2.len > NFT_REG32_SIZE * 8;
}

function same_op(a: expr, b: expr): boolean {
	const op = (e: expr): number => (e.op === OP_IMPLICIT ? OP_EQ : e.op);
	return op(a) === op(b);
}

function payload_do_merge(stmts: stmt[], sa: expr_stmt[]): void {
	sa.sort(
		(a, b) =>
			a.expr.left.base - b.expr.left.base ||
			a.expr.left.offset - b.expr.left.offset,
	);
	let last = sa[0];
	for (const cur of sa.slice(1)) {
		if (
			!payload_can_merge(last.expr.left, cur.expr.left) ||
			!same_op(last.expr, cur.expr)
		) {
			last = cur;
			continue;
		}
		const l = payload_expr_alloc(internal_location, null, 0);
		l.base = last.expr.left.base;
		l.offset = last.expr.left.offset;
		l.len = last.expr.left.len + cur.expr.left.len;
		const a = last.expr.right;
		const b = cur.expr.right;
		const r = constant_expr_alloc(
			a.location,
			invalid_type,
			BYTEORDER_BIG_ENDIAN,
			a.len + b.len,
			(a.value << BigInt(b.len)) | b.value,
		);
		// what names a protocol must not move back
		let gone: expr_stmt = cur;
		if (cur.expr.left.flags & EXPR_F_PROTOCOL) {
			l.flags |= EXPR_F_PROTOCOL;
			gone = last;
			last = cur;
		}
		last.expr.left = l;
		last.expr.right = r;
		stmts.splice(stmts.indexOf(gone), 1);
	}
}

/** Drops matches that are always true and merges those of neighbouring fields. */
function stmt_reduce(rule: nft_rule): void {
	const family = rule.handle.family;
	let sa: expr_stmt[] = [];
	const flush = (): void => {
		if (sa.length < 2) return;
		payload_do_merge(rule.stmts, sa);
		sa = [];
	};
	const all = [...rule.stmts];
	for (const [n, s] of all.entries()) {
		if (s.type !== 'expression') {
			flush();
			continue;
		}
		const e = s.expr;
		if (e.etype !== EXPR_RELATIONAL || e.right.etype !== EXPR_VALUE) continue;
		const eq = e.op === OP_EQ || e.op === OP_IMPLICIT;
		if (e.left.etype === EXPR_PAYLOAD) {
			if (eq || e.op === OP_NEQ) sa.push(s);
		} else if (
			e.left.etype === EXPR_META &&
			eq &&
			e.left.meta_key === NFT_META_PROTOCOL
		) {
			const proto = Number(e.right.value);
			const implied =
				(family === NFPROTO_IPV4 && proto === ETH_P_IP) ||
				(family === NFPROTO_IPV6 && proto === ETH_P_IPV6);
			// the last statement of a rule stays
			if (implied && n + 1 < all.length)
				rule.stmts.splice(rule.stmts.indexOf(s), 1);
		}
	}
	flush();
}

/** Evaluates one command. Throws nft_error. */
export class evaluator extends expr_evaluator {
	/* ---- arguments of statements */

	prefix_conversion(e: expr): expr {
		const base = e.left;
		if (base.etype !== EXPR_VALUE)
			fail(
				`you cannot specify a prefix here, unknown type ${base.dtype.name}`,
				e.location,
			);
		if (expr_basetype(base).type !== TYPE_INTEGER)
			fail('Prefix expression expected integer value', e.location);
		const constant = (v: bigint): expr =>
			constant_expr_alloc(
				e.location,
				expr_basetype(base),
				BYTEORDER_HOST_ENDIAN,
				base.len,
				v,
			);
		const and = binop_expr_alloc(
			e.location,
			OP_AND,
			expr_clone(base),
			constant(mpz_prefixmask(base.len, e.prefix_len)),
		);
		const or = binop_expr_alloc(
			e.location,
			OP_OR,
			expr_clone(base),
			constant(mpz_bitmask(e.len - e.prefix_len)),
		);
		return this.evaluate(range_expr_alloc(e.location, and, or));
	}

	/* the argument has been evaluated: does it fit? */
	check_arg(s: stmt, dtype: datatype, len: number, e: expr): expr {
		if (
			e.etype === EXPR_PAYLOAD &&
			e.dtype.type === TYPE_INTEGER &&
			(e.dtype.type !== datatype_basetype(dtype).type || e.len !== len)
		)
			fail(
				`datatype mismatch: expected ${dtype.desc}, expression has type ${e.dtype.desc} with length ${e.len}`,
				e.location,
				s.location,
			);
		if (e.dtype.type !== TYPE_INTEGER && !datatype_equal(e.dtype, dtype))
			fail(
				`datatype mismatch: expected ${dtype.desc}, expression has type ${e.dtype.desc}`,
				e.location,
				s.location,
			);
		switch (e.etype) {
			case EXPR_SET:
				fail(
					'you cannot use a set here, unknown value to use',
					e.location,
					s.location,
				);
				break;
			case EXPR_SET_REF:
				fail(
					'you cannot reference a set here, unknown value to use',
					e.location,
					s.location,
				);
				break;
			case EXPR_PREFIX:
				return this.prefix_conversion(e);
			default:
				return e;
		}
	}

	arg(s: stmt, dtype: datatype, len: number, order: byteorder, e: expr): expr {
		this.context(dtype, order, len);
		return this.check_arg(s, dtype, len, this.evaluate(e));
	}

	/* ---- statements */

	override stmt_evaluate(s: stmt): void {
		switch (s.type) {
			case 'expression':
				this.context(null, 0, 0);
				s.expr = this.evaluate(s.expr);
				break;
			case 'verdict':
				this.verdict(s);
				break;
			case 'chain':
				this.chain_block(s);
				break;
			case 'payload':
				this.payload_set(s);
				break;
			case 'meta':
			case 'ct':
				s.expr = this.arg(
					s,
					s.tmpl.dtype,
					s.tmpl.len,
					s.tmpl.byteorder,
					s.expr,
				);
				break;
			case 'objref':
				this.objref(s);
				break;
			case 'log':
				this.log(s);
				break;
			case 'reject':
				this.reject(s);
				break;
			case 'nat':
				this.nat(s);
				break;
			case 'set':
				this.dynset(s);
				break;
			default:
		}
	}

	verdict(s: verdict_stmt): void {
		s.expr = this.arg(s, verdict_type, 0, 0, s.expr);
		if (s.expr.etype !== EXPR_VERDICT) return;
		if (s.expr.verdict !== NFT_CONTINUE) s.flags |= STMT_F_TERMINAL;
		if (s.expr.chain === null) return;
		s.expr.chain = this.arg(s, string_type, 0, 0, s.expr.chain);
		if (s.expr.chain.etype !== EXPR_VALUE)
			fail('not a value expression', s.expr.chain.location);
	}

	chain_block(s: chain_stmt): void {
		const chain = s.chain;
		chain.flags |= NFT_CHAIN_BINDING;
		const outer = this.rule?.handle ?? this.cmd.handle;
		const h = chain.handle.clone();
		h.family = outer.family;
		h.table_name = outer.table_name;
		h.chain_loc = s.location;
		const cmd = new nft_cmd('add', 'chain', h, s.location);
		cmd.chain = chain;
		chain.handle.merge(h);
		this.before.push(cmd);
		for (const r of chain.rules) {
			r.handle.merge(outer);
			r.handle.table_name = outer.table_name;
			r.handle.chain_name = '';
			r.handle.chain_id = chain.handle.chain_id;
			const inner = new evaluator(this.env, this.cmd);
			inner.before = this.before;
			inner.rule_evaluate(r, null);
			const rc = new nft_cmd('add', 'rule', r.handle.clone(), r.location);
			rc.rule = r;
			this.before.push(rc);
		}
		chain.rules = [];
	}

	payload_set(s: payload_stmt): void {
		const p = s.expr;
		this.payload_dependencies(p);
		s.val = this.arg(s, p.dtype, p.len, p.byteorder, s.val);
		if (!expr_is_constant(s.val)) s.val = this.byteorder_conversion(s.val, p.byteorder);

		const need_csum = p.desc.checksum_key > 0;
		// checksum functions want an even number of bytes
		if (!payload_needs_adjustment(p) && (!need_csum || (p.len / 8) % 2 === 0)) return;

		let byte_offset = Math.floor(p.offset / 8);
		const { shift, extra } = expr_offset_shift(p);
		let imm = shift;
		let byte_size = div_round_up(p.len + extra, 8);
		if (need_csum && byte_size & 1) {
			byte_size++;
			if (byte_offset & 1) byte_offset--;
			else imm += 8;
		}
		if (imm) {
			const off = constant_expr_alloc(
				p.location,
				expr_basetype(p),
				BYTEORDER_HOST_ENDIAN,
				8,
				BigInt(imm),
			);
			const lshift = binop_expr_alloc(p.location, OP_LSHIFT, s.val, off);
			lshift.dtype = p.dtype;
			lshift.byteorder = p.byteorder;
			s.val = lshift;
		}
		const masklen = byte_size * 8;
		const bits = mpz_bitmask(p.len) << BigInt(imm);
		const mask = constant_expr_alloc(
			p.location,
			expr_basetype(p),
			p.byteorder,
			masklen,
			mpz_bitmask(masklen) ^ bits,
		);
		const bytes = payload_expr_alloc(p.location, null, 0);
		payload_init_raw(bytes, p.base, byte_offset * 8, masklen);
		bytes.is_raw = true;
		bytes.desc = p.desc;
		bytes.byteorder = p.byteorder;
		p.len = bytes.len;
		p.offset = bytes.offset;

		const and = binop_expr_alloc(p.location, OP_AND, bytes, mask);
		and.dtype = bytes.dtype;
		and.byteorder = bytes.byteorder;
		and.len = bytes.len;
		const xor = binop_expr_alloc(p.location, OP_XOR, and, s.val);
		xor.dtype = p.dtype;
		xor.byteorder = p.byteorder;
		xor.len = masklen;
		s.val = this.evaluate(xor);
	}

	/* a second place that shows where a protocol came from */
	layer_loc(base: number): location[] {
		const loc = this.pctx.protocol[base].location;
		return loc === null ? [] : [loc];
	}

	/* 4, 6 or 0: which IP a description is */
	ip_version(desc: proto_desc): number {
		const base = this.pctx.protocol[PROTO_BASE_LL_HDR].desc;
		if (base === null) return 0;
		switch (proto_find_num(base, desc)) {
			case NFPROTO_IPV4:
			case ETH_P_IP:
				return 4;
			case NFPROTO_IPV6:
			case ETH_P_IPV6:
				return 6;
			default:
				return 0;
		}
	}

	reject(s: reject_stmt): void {
		if (s.icmp_code < 0) this.reject_default(s);
		else if (s.expr !== expr.nil) {
			const code = symbol_parse(s.expr.identifier, s.expr.dtype, this.env.ifaces);
			if (typeof code === 'string') fail(code, s.expr.location);
			s.icmp_code = Number(code.value & 0xffn);
			s.expr = constant_expr_alloc(
				s.expr.location,
				code.dtype,
				code.byteorder,
				8,
				code.value,
			);
		} else this.reject_reset(s);
		this.reject_family(s);
	}

	reject_default(s: reject_stmt): void {
		const family = this.pctx.family;
		const set = (f: number): void => {
			s.reject_type = NFT_REJECT_ICMP_UNREACH;
			s.family = f;
			s.icmp_code =
				f === NFPROTO_IPV4 ? ICMP_PORT_UNREACH : ICMP6_DST_UNREACH_NOPORT;
		};
		if (family === NFPROTO_IPV4 || family === NFPROTO_IPV6) {
			set(family);
			return;
		}
		if (family === NFPROTO_ARP) return;
		const desc = this.pctx.protocol[PROTO_BASE_NETWORK_HDR].desc;
		if (desc === null) {
			s.reject_type = NFT_REJECT_ICMPX_UNREACH;
			s.icmp_code = NFT_REJECT_ICMPX_PORT_UNREACH;
			return;
		}
		s.reject_type = NFT_REJECT_ICMP_UNREACH;
		const v = this.ip_version(desc);
		if (v === 4) set(NFPROTO_IPV4);
		else if (v === 6) set(NFPROTO_IPV6);
	}

	reject_reset(s: reject_stmt): void {
		const desc = this.pctx.protocol[PROTO_BASE_TRANSPORT_HDR].desc;
		if (desc === null) return;
		const base = this.pctx.protocol[PROTO_BASE_NETWORK_HDR].desc ?? proto_inet_service;
		if (
			proto_find_num(base, desc) !== IPPROTO_TCP &&
			s.reject_type === NFT_REJECT_TCP_RST
		)
			fail(
				'you cannot use tcp reset with this protocol',
				s.location,
				...this.layer_loc(PROTO_BASE_TRANSPORT_HDR),
			);
	}

	/* the protocol that a reject needs, at the start of the rule: nothing that is not rejected is logged */
	reject_dependency(s: reject_stmt): void {
		let p: expr;
		if (s.reject_type === NFT_REJECT_TCP_RST) {
			if (this.pctx.protocol[PROTO_BASE_TRANSPORT_HDR].desc !== null) return;
			p = payload_expr_alloc(s.location, proto_tcp, 0);
			p.base = PROTO_BASE_TRANSPORT_HDR;
		} else {
			if (this.pctx.protocol[PROTO_BASE_NETWORK_HDR].desc !== null) return;
			if (s.icmp_code < 0) fail('missing icmp error type', s.location);
			p =
				s.family === NFPROTO_IPV4
					? payload_expr_alloc(
							s.location,
							proto_ip,
							proto_ip.field('protocol'),
						)
					: payload_expr_alloc(
							s.location,
							proto_ip6,
							proto_ip6.field('nexthdr'),
						);
		}
		this.rule?.stmts.unshift(this.payload_gen_dependency(p));
	}

	reject_check_family(s: reject_stmt, v: number): void {
		if (
			(v === 4 && s.family !== NFPROTO_IPV4) ||
			(v === 6 && s.family !== NFPROTO_IPV6)
		)
			fail(
				'conflicting protocols specified: ip vs ip6',
				s.expr === expr.nil ? s.location : s.expr.location,
				...this.layer_loc(PROTO_BASE_NETWORK_HDR),
			);
	}

	reject_inet(s: reject_stmt): void {
		const desc = this.pctx.protocol[PROTO_BASE_NETWORK_HDR].desc;
		if (desc !== null && s.reject_type === NFT_REJECT_ICMP_UNREACH) {
			const v = this.ip_version(desc);
			if (v === 0)
				fail(
					'cannot infer ICMP reject variant to use: explicit value required.\n',
					s.location,
				);
			this.reject_check_family(s, v);
		}
		if (s.reject_type !== NFT_REJECT_ICMPX_UNREACH) this.reject_dependency(s);
	}

	reject_bridge(s: reject_stmt): void {
		const ll = this.pctx.protocol[PROTO_BASE_LL_HDR].desc;
		if (ll !== proto_eth && ll !== proto_vlan && ll !== proto_netdev)
			fail('cannot reject from this link layer protocol', s.location);
		const desc = this.pctx.protocol[PROTO_BASE_NETWORK_HDR].desc;
		if (desc !== null) {
			const v = this.ip_version(desc);
			if (v === 0)
				fail(
					'cannot reject this network family',
					s.location,
					...this.layer_loc(PROTO_BASE_NETWORK_HDR),
				);
			if (s.reject_type === NFT_REJECT_ICMP_UNREACH)
				this.reject_check_family(s, v);
		}
		if (s.reject_type !== NFT_REJECT_ICMPX_UNREACH) this.reject_dependency(s);
	}

	reject_family(s: reject_stmt): void {
		const at = s.expr === expr.nil ? s.location : s.expr.location;
		switch (this.pctx.family) {
			case NFPROTO_ARP:
				fail('cannot use reject with arp', s.location);
				break;
			case NFPROTO_IPV4:
			case NFPROTO_IPV6:
				if (s.reject_type === NFT_REJECT_TCP_RST) this.reject_dependency(s);
				else if (s.reject_type === NFT_REJECT_ICMPX_UNREACH)
					fail(
						'abstracted ICMP unreachable not supported',
						at,
						s.location,
					);
				else if (s.family !== this.pctx.family)
					fail(
						'conflicting protocols specified: ip vs ip6',
						at,
						s.location,
					);
				break;
			case NFPROTO_BRIDGE:
			case NFPROTO_NETDEV:
				this.reject_bridge(s);
				break;
			default:
				this.reject_inet(s);
		}
		s.flags |= STMT_F_TERMINAL;
	}

	/* ---- nat */

	nat_transport(s: nat_stmt, e: expr): expr {
		this.nat_need_transport(s, e);
		return this.arg(s, inet_service_type, 16, BYTEORDER_BIG_ENDIAN, e);
	}

	nat_need_transport(s: nat_stmt, e: expr): void {
		if (
			this.pctx.protocol[PROTO_BASE_TRANSPORT_HDR].desc === null &&
			!addr_has_th_expr(s.addr)
		)
			fail(
				'transport protocol mapping is only valid after transport protocol match',
				e.location,
				s.location,
			);
	}

	nat_family(s: nat_stmt): void {
		const family = this.pctx.family;
		if (family === NFPROTO_IPV4 || family === NFPROTO_IPV6) {
			if (s.family === 0) s.family = family;
			return;
		}
		if (family !== NFPROTO_INET)
			fail('NAT is only supported for IPv4/IPv6', s.location);
		if (s.addr === null) {
			s.family = NFPROTO_INET;
			return;
		}
		if (s.family !== 0) return;
		const desc = this.pctx.protocol[PROTO_BASE_NETWORK_HDR].desc;
		if (desc === proto_ip) s.family = NFPROTO_IPV4;
		else if (desc === proto_ip6) s.family = NFPROTO_IPV6;
	}

	nat_concat_map(s: nat_stmt, addr: expr): boolean {
		if (addr.etype !== EXPR_MAP) return false;
		if (addr.right.etype === EXPR_SET) {
			if (
				!addr.right.expressions.some(
					(i) =>
						i.etype === EXPR_MAPPING &&
						i.right.etype === EXPR_CONCAT,
				)
			)
				return false;
			s.type_flags |= STMT_NAT_F_CONCAT;
			return true;
		}
		if (addr.right.etype !== EXPR_SYMBOL) return false;
		addr.right = this.evaluate(addr.right);
		const data = set_of(addr.right).data;
		if (data.etype !== EXPR_CONCAT && data.dtype.subtypes === 0) return false;
		s.type_flags |= STMT_NAT_F_CONCAT;
		return true;
	}

	nat_map(s: nat_stmt, addr: expr): void {
		const v4 = s.family === NFPROTO_IPV4;
		if (!v4 && s.family !== NFPROTO_IPV6)
			fail(
				'ip or ip6 must be specified with address for inet tables.',
				s.location,
			);
		const dtype = concat_type_alloc(
			((v4 ? TYPE_IPADDR : TYPE_IP6ADDR) << TYPE_BITS) | TYPE_INET_SERVICE,
		);
		this.type_context(dtype, dtype.size);
		addr = this.evaluate(addr);
		s.addr = addr;
		this.nat_need_transport(s, addr);
		if (addr.etype !== EXPR_MAP) return;
		const data = set_of(addr.right).data;
		if (data.flags & EXPR_F_INTERVAL) s.type_flags |= STMT_NAT_F_INTERVAL;
		data.dtype = dtype;
		if (data.etype !== EXPR_CONCAT || data.expressions.length !== 2) {
			s.addr = this.check_arg(s, dtype, dtype.size, addr);
			return;
		}
		const at = addr_dtype(s.family);
		this.check_arg(s, at, at.size, data.expressions[0]);
		this.nat_transport(s, data.expressions[1]);
	}

	nat(s: nat_stmt): void {
		this.nat_family(s);
		if (s.addr !== null) {
			const desc = this.pctx.protocol[PROTO_BASE_NETWORK_HDR].desc;
			if (
				(desc === proto_ip && s.family !== NFPROTO_IPV4) ||
				(desc === proto_ip6 && s.family !== NFPROTO_IPV6)
			)
				fail(
					`conflicting protocols specified: ${desc.name} vs. ${family2str(s.family)}. You must specify ip or ip6 family in ${s.name} statement`,
					s.location,
					...this.layer_loc(PROTO_BASE_NETWORK_HDR),
				);
			if (this.nat_concat_map(s, s.addr) || s.type_flags & STMT_NAT_F_CONCAT) {
				this.nat_map(s, s.addr);
				s.flags |= STMT_F_TERMINAL;
				return;
			}
			const dtype = addr_dtype(
				this.pctx.family === NFPROTO_INET ? s.family : this.pctx.family,
			);
			if (this.pctx.family === NFPROTO_INET && dtype.size === 0)
				fail(
					'ip or ip6 must be specified with address for inet tables.',
					s.location,
				);
			s.addr = this.arg(s, dtype, dtype.size, BYTEORDER_BIG_ENDIAN, s.addr);
		}
		if (s.proto !== null) {
			s.proto = this.nat_transport(s, s.proto);
			s.nat_flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
		}
		s.flags |= STMT_F_TERMINAL;
	}

	/* ---- others */

	log(s: log_stmt): void {
		if (s.has & (STMT_LOG_GROUP | STMT_LOG_SNAPLEN | STMT_LOG_QTHRESHOLD)) {
			if (s.has & STMT_LOG_LEVEL)
				fail('level and group are mutually exclusive', s.location);
			if (s.logflags) fail('flags and group are mutually exclusive', s.location);
		}
		if (s.level === NFT_LOGLEVEL_AUDIT && (s.has & ~STMT_LOG_LEVEL || s.logflags))
			fail("log level audit doesn't support any further options", s.location);
		if (s.prefix.etype !== EXPR_LIST) return;
		let text = '';
		for (const e of s.prefix.expressions)
			text +=
				e.etype === EXPR_VARIABLE
					? (e.sym?.expr.identifier ?? '')
					: expr_to_string(e);
		text = text.slice(0, NF_LOG_PREFIXLEN - 1);
		s.prefix = constant_expr_alloc(
			s.prefix.location,
			string_type,
			BYTEORDER_HOST_ENDIAN,
			text.length * 8,
			mpz_from_string(text),
		);
	}

	dynset(s: set_stmt): void {
		const is_map = s.data !== expr.nil;
		this.type_context(null, 0);
		s.set = this.evaluate(s.set);
		if (s.set.etype !== EXPR_SET_REF)
			fail('Expression does not refer to a set', s.set.location);
		const set = set_of(s.set);
		s.key.key = this.arg(s, set.key.dtype, set.key.len, set.key.byteorder, s.key.key);
		if (expr_is_constant(s.key))
			fail('Key expression can not be constant', s.key.location);
		if (s.key.comment !== null)
			fail('Key expression comments are not supported', s.key.location);
		if (is_map) {
			const d = s.data;
			d.key = this.arg(
				s,
				set.data.dtype,
				set.data.len,
				set.data.byteorder,
				d.key,
			);
			if (expr_is_constant(d))
				fail('Data expression can not be constant', d.location);
			if (d.comment !== null)
				fail('Data expression comments are not supported', d.location);
			if (d.timeout > 0)
				fail('Data expression timeouts are not supported', d.location);
		}
		for (const i of s.stmt_list) {
			this.stmt_evaluate(i);
			if (!(i.flags & STMT_F_STATEFUL))
				fail('statement must be stateful', i.location);
		}
		// the packet path can only write into some kinds of sets
		if (!is_map) set.flags |= NFT_SET_EVAL;
	}

	objref_map(s: objref_stmt): void {
		const map = s.expr;
		this.map_arg(map);
		const mappings = map.right;
		mappings.set_flags |= NFT_SET_OBJECT;
		if (mappings.etype === EXPR_SET) {
			const key = constant_expr_alloc(
				s.location,
				this.ectx.dtype ?? invalid_type,
				this.ectx.byteorder,
				this.ectx.len,
				0n,
			);
			map.right = this.implicit_set_declaration(
				'__objmap%d',
				key,
				expr.nil,
				mappings,
			);
			const set = set_of(map.right);
			set.objtype = s.obj_type;
			this.map_elements(set);
			this.set = null;
			this.map_concat_info(map);
		}
		map.right = this.evaluate(map.right);
		if (map.right.etype !== EXPR_SET_REF)
			fail('Expression is not a map', map.right.location);
		if (!set_is_objmap(set_of(map.right).flags))
			fail('Expression is not a map with objects', map.right.location);
		this.map_finish(map);
	}

	objref(s: objref_stmt): void {
		if (s.expr.etype === EXPR_MAP) {
			this.objref_map(s);
			return;
		}
		s.expr = this.arg(
			s,
			string_type,
			NFT_OBJ_MAXNAMELEN * 8,
			BYTEORDER_HOST_ENDIAN,
			s.expr,
		);
		if (!expr_is_constant(s.expr))
			fail('Counter expression must be constant', s.expr.location);
	}

	/* ---- rules */

	/** Evaluates a rule; op says what the cache is to learn, null: nothing. */
	rule_evaluate(rule: nft_rule, op: 'add' | 'insert' | 'replace' | null): void {
		this.pctx = new proto_ctx(rule.handle.family);
		this.context(null, 0, 0);
		this.rule = rule;
		let terminal: stmt | null = null;
		for (const s of [...rule.stmts]) {
			if (terminal !== null)
				fail(
					'Statement after terminal statement has no effect',
					s.location,
					terminal.location,
				);
			this.stmt = s;
			this.stmt_evaluate(s);
			if (s.flags & STMT_F_TERMINAL) terminal = s;
		}
		stmt_reduce(rule);
		if (this.env.cache.flags & NFT_CACHE_UPDATE) this.rule_cache_update(rule, op);
	}

	rule_cache_update(rule: nft_rule, op: 'add' | 'insert' | 'replace' | null): void {
		const h = rule.handle;
		const table = this.env.cache.table(h) ?? this.table_not_found();
		const chain = table.chain(h.chain_name) ?? this.chain_not_found();
		const gone = (loc: location): never =>
			fail(`Could not process rule: ${ENOENT_TEXT}`, loc);
		const by_handle = (id: number, loc: location): number => {
			const n = chain.rules.findIndex((r) => r.handle.handle_id === id);
			return n < 0 ? gone(loc) : n;
		};
		let ref = -1;
		if (h.index_id) {
			if (h.index_id > chain.rules.length) gone(h.index_loc);
			ref = h.index_id - 1;
			const dst = chain.rules[ref];
			if (dst.handle.handle_id) {
				h.position_id = dst.handle.handle_id;
				h.position_loc = h.index_loc;
			} else {
				if (!dst.handle.rule_id) dst.handle.rule_id = ++this.env.rule_id;
				h.rule_position_id = dst.handle.rule_id;
			}
		} else if (h.handle_id) ref = by_handle(h.handle_id, h.handle_loc);
		else if (h.position_id) ref = by_handle(h.position_id, h.position_loc);

		if (op === 'insert') chain.rules.splice(ref < 0 ? 0 : ref, 0, rule);
		else if (op === 'add')
			chain.rules.splice(ref < 0 ? chain.rules.length : ref + 1, 0, rule);
		else if (op === 'replace') chain.rules.splice(ref, 1, rule);
	}

	chain_not_found(): never {
		const near = this.env.cache.fuzzy_chain(this.cmd.handle.chain_name);
		const hint =
			near === null
				? ''
				: `; did you mean chain ‘${near.item.handle.chain_name}’ in table ${family2str(near.item.handle.family)} ‘${near.table.handle.table_name}’?`;
		fail(ENOENT_TEXT + hint, this.cmd.handle.chain_loc);
	}

	/* ---- sets */

	draft(d: nft_cmd_draft | null, op: 'add' | 'delete', list: nft_cmd[]): void {
		if (d === null) return;
		const cmd = new nft_cmd(op, 'elements', d.handle, d.location);
		cmd.expr = d.expr;
		cmd.elem_set = d.elem_set;
		list.push(cmd);
	}

	override interval_set_eval(set: nft_set, init: expr | null): void {
		if (init === null) return;
		switch (this.cmd.op) {
			case 'delete':
				this.draft(set_delete(set, init), 'add', this.after);
				break;
			case 'get':
				break;
			default:
				if (set.automerge)
					this.draft(set_automerge(set, init), 'delete', this.before);
				else set_overlap(set, init);
		}
	}

	set_key_data_error(set: nft_set, dtype: datatype, kind: string): never {
		const hint =
			dtype.size === 0
				? '. Try "typeof expression" instead of "type datatype".'
				: '';
		fail(
			`unqualified type ${dtype.name} specified in ${kind} definition${hint}`,
			set.location,
		);
	}

	set_type_concat(e: expr): void {
		let flags = EXPR_F_CONSTANT | EXPR_F_SINGLETON;
		let ntype = 0;
		let size = 0;
		e.field_len = [];
		for (const i of e.expressions) {
			if (is_ct_addr(i))
				fail('specify either ip or ip6 for address matching', i.location);
			if (i.etype === EXPR_PAYLOAD && i.dtype.type === TYPE_INTEGER)
				i.dtype = datatype_clone(i.dtype, i.len, i.byteorder);
			if (i.dtype.size === 0 && i.len === 0)
				fail(
					`can not use variable sized data types (${i.dtype.name}) in concat expressions`,
					i.location,
					e.location,
				);
			flags &= i.flags;
			ntype = concat_subtype_add(ntype, i.dtype.type);
			e.field_len.push(div_round_up(i.len, 8));
			size += netlink_padded_len(i.len);
		}
		e.flags |= flags;
		e.dtype = concat_type_alloc(ntype);
		e.len = size;
		this.type_context(e.dtype, e.len);
		this.ectx.key = e;
	}

	override set_evaluate(set: nft_set): void {
		if (set.handle.set_id === 0) set.handle.set_id = ++this.env.set_id;
		const kind = set_is_map(set.flags) ? 'map' : 'set';
		let existing: nft_set | null = null;
		if (!set_is_anonymous(set.flags)) {
			const table = this.env.cache.table(set.handle) ?? this.table_not_found();
			existing = table.set(set.handle.set_name);
			if (existing === null) table.cache.sets.push(set);
		}
		if (!(set.flags & NFT_SET_INTERVAL) && set.automerge)
			fail('auto-merge only works with interval sets', set.location);
		if (set.key === expr.nil)
			fail(`${kind} definition does not specify key`, set.location);
		if (set.key.len === 0) {
			if (set.key.etype === EXPR_CONCAT) this.set_type_concat(set.key);
			if (set.key.len === 0) this.set_key_data_error(set, set.key.dtype, kind);
		}
		if (set.flags & NFT_SET_INTERVAL && set.key.etype === EXPR_CONCAT) {
			set.field_len = [...set.key.field_len];
			set.flags |= NFT_SET_CONCAT;
		}
		if (set_is_datamap(set.flags)) {
			if (set.data === expr.nil)
				fail(
					'map definition does not specify mapping data type',
					set.location,
				);
			if (set.data.etype === EXPR_CONCAT) this.set_type_concat(set.data);
			if (set.data.flags & EXPR_F_INTERVAL) set.data.len *= 2;
			if (set.data.len === 0 && set.data.dtype.type !== TYPE_VERDICT)
				this.set_key_data_error(set, set.data.dtype, kind);
		} else if (set_is_objmap(set.flags))
			set.data = constant_expr_alloc(
				netlink_location,
				string_type,
				BYTEORDER_HOST_ENDIAN,
				NFT_OBJ_MAXNAMELEN * 8,
				0n,
			);
		if (set.timeout) set.flags |= NFT_SET_TIMEOUT;
		if (set.stmt_list.length > 1) set.flags |= NFT_SET_EXPR;

		if (set_is_anonymous(set.flags)) {
			const init = set.init;
			if (
				init !== null &&
				set_is_interval(init.set_flags) &&
				!(init.set_flags & NFT_SET_CONCAT)
			)
				this.interval_set_eval(set, init);
			return;
		}
		set.existing_set = existing;
		this.set = set;
		if (set.init !== null) {
			this.context(set.key.dtype, set.key.byteorder, set.key.len);
			set.init = this.evaluate(set.init);
			if (set.init.etype !== EXPR_SET)
				fail(
					`Set ${set.handle.set_name}: Unexpected initial type ${expr_name(set.init)}, missing { }?`,
					set.init.location,
				);
		}
		if (set_is_interval(set.flags) && !(set.flags & NFT_SET_CONCAT))
			this.interval_set_eval(set, set.init);
		this.set = null;
	}

	setelem_evaluate(cmd: nft_cmd): void {
		const set = this.cmd_set();
		if (cmd.expr === null || set.key === expr.nil) return;
		set.existing_set = set;
		this.set = set;
		this.type_context(set.key.dtype, set.key.len);
		cmd.expr = this.evaluate(cmd.expr);
		cmd.elem_set = set;
		if (set_is_interval(set.flags) && !(set.flags & NFT_SET_CONCAT))
			this.interval_set_eval(set, cmd.expr);
		this.set = null;
	}

	/* ---- chains and flowtables */

	/* null: no such priority */
	priority(e: expr, family: number, hook: number): expr | null {
		this.type_context(priority_type, NFT_NAME_MAXLEN * 8);
		e = this.evaluate(e);
		if (e.etype !== EXPR_VALUE)
			fail(`${expr_name(e)} is not a valid priority expression`, e.location);
		if (e.dtype.type === TYPE_INTEGER) return e;
		const m = /^\s*(\S+)(?:\s+(\S)\s*([+-]?\d+))?/.exec(expr_to_string(e));
		if (m === null) return null;
		const base = std_prio_lookup(m[1], family, hook);
		if (base === null) return null;
		let v = base;
		if (m[2] === '+') v += Number(m[3]);
		else if (m[2] === '-') v -= Number(m[3]);
		else if (m[2] !== undefined) return null;
		return constant_expr_alloc(
			e.location,
			integer_type,
			BYTEORDER_HOST_ENDIAN,
			32,
			BigInt.asUintN(32, BigInt(v)),
		);
	}

	variable(e: expr): expr {
		e = this.evaluate(e);
		if (e.etype !== EXPR_VALUE && e.etype !== EXPR_SET)
			fail(`${expr_name(e)} is not a valid variable expression`, e.location);
		return e;
	}

	devices(e: expr): string[] {
		const names: string[] = [];
		this.type_context(ifname_type, IFNAMSIZ * 8);
		if (e.etype === EXPR_VARIABLE) e = this.variable(e);
		for (let i of e.etype === EXPR_SET || e.etype === EXPR_LIST ? e.expressions : [e]) {
			this.type_context(ifname_type, IFNAMSIZ * 8);
			if (i.etype === EXPR_VARIABLE) i = this.variable(i);
			const members = i.etype === EXPR_SET ? i.expressions : [i];
			for (const k of members)
				names.push(expr_to_string(k.etype === EXPR_SET_ELEM ? k.key : k));
		}
		return names;
	}

	flowtable_evaluate(ft: nft_flowtable): void {
		const table = this.cmd_table();
		if (table.flowtable(ft.handle.ft_name) === null) table.cache.flowtables.push(ft);
		if (ft.hook_name !== '') {
			ft.hook_num = str2hooknum(NFPROTO_NETDEV, ft.hook_name);
			if (ft.hook_num === NF_INET_NOHOOK)
				fail(`invalid hook ${ft.hook_name}`, ft.location);
			const text = `invalid priority expression ${expr_name(ft.priority)}.`;
			const p = with_note(text, ft.priority_loc, () =>
				this.priority(ft.priority, NFPROTO_NETDEV, ft.hook_num),
			);
			if (p === null) fail(text, ft.priority_loc);
			ft.priority = p;
		}
		if (ft.dev_expr !== null) ft.devices = this.devices(ft.dev_expr);
	}

	base_chain(chain: nft_chain): void {
		const family = chain.handle.family;
		chain.hook_num = str2hooknum(family, chain.hook_name);
		if (chain.hook_num === NF_INET_NOHOOK)
			fail(
				`The ${family2str(family)} family does not support this hook`,
				chain.hook_loc,
			);
		const text = `invalid priority expression ${expr_name(chain.priority)} in this context.`;
		const p = with_note(text, chain.priority_loc, () =>
			this.priority(chain.priority, family, chain.hook_num),
		);
		if (p === null) fail(text, chain.priority_loc);
		chain.priority = p;
		const policy = chain.policy;
		if (policy !== null) {
			this.type_context(policy_type, NFT_NAME_MAXLEN * 8);
			chain.policy = with_note(
				`invalid policy expression ${expr_name(policy)}`,
				chain.location,
				() => this.variable(policy),
			);
		}
		const on_device =
			family === NFPROTO_NETDEV ||
			(family === NFPROTO_INET && chain.hook_num === NF_INET_INGRESS);
		if (!on_device && chain.dev_expr !== null)
			fail('This chain type cannot be bound to device', chain.dev_expr.location);
		if (!on_device) return;
		if (chain.dev_expr === null)
			fail("Missing `device' in this chain definition", chain.loc);
		chain.devices = this.devices(chain.dev_expr);
	}

	chain_evaluate(chain: nft_chain | null): void {
		const table = this.cmd_table();
		if (chain === null) {
			if (table.chain(this.cmd.handle.chain_name) === null) {
				const c = new nft_chain(this.cmd.location);
				c.handle.merge(this.cmd.handle);
				table.cache.chains.push(c);
			}
			return;
		}
		if (
			!(chain.flags & NFT_CHAIN_BINDING) &&
			table.chain(chain.handle.chain_name) === null
		)
			table.cache.chains.push(chain);
		if (chain.flags & NFT_CHAIN_BASE) this.base_chain(chain);
	}

	obj_evaluate(obj: nft_obj): void {
		const table = this.cmd_table();
		if (table.obj(obj.handle.obj_name, obj.type) === null) table.cache.objs.push(obj);
	}

	table_evaluate(t: nft_table | null): void {
		const cache = this.env.cache;
		if (cache.table(this.cmd.handle) !== null) return;
		const n = t ?? new nft_table();
		n.handle.merge(this.cmd.handle);
		cache.tables.push(n);
	}

	/* ---- commands */

	cmd_set(): nft_set {
		const h = this.cmd.handle;
		return (
			this.cmd_table().set(h.set_name) ??
			this.set_not_found(h.set_loc, h.set_name)
		);
	}

	/* a set of the wrong kind is not there */
	cmd_set_of(ok: (flags: number) => boolean): nft_set {
		const set = this.cmd_set();
		if (!ok(set.flags)) fail(ENOENT_TEXT, this.cmd.handle.set_loc);
		return set;
	}

	cmd_add(cmd: nft_cmd): void {
		switch (cmd.obj) {
			case 'elements':
				this.setelem_evaluate(cmd);
				break;
			case 'set':
				if (cmd.set === null) break;
				cmd.set.handle.merge(cmd.handle);
				this.set_evaluate(cmd.set);
				break;
			case 'rule':
				if (cmd.rule === null) break;
				cmd.rule.handle.merge(cmd.handle);
				this.rule_evaluate(
					cmd.rule,
					cmd.op === 'add' ||
						cmd.op === 'insert' ||
						cmd.op === 'replace'
						? cmd.op
						: null,
				);
				break;
			case 'chain':
				this.chain_evaluate(cmd.chain);
				break;
			case 'table':
				this.table_evaluate(cmd.table);
				break;
			case 'flowtable':
				if (cmd.flowtable === null) break;
				cmd.flowtable.handle.merge(cmd.handle);
				this.flowtable_evaluate(cmd.flowtable);
				break;
			case 'counter':
				if (cmd.object === null) break;
				cmd.object.handle.merge(cmd.handle);
				this.obj_evaluate(cmd.object);
				break;
			default:
		}
	}

	cmd_delete(cmd: nft_cmd): void {
		const h = cmd.handle;
		const cache = this.env.cache;
		const table = cache.table(h);
		const drop = <T>(list: T[], gone: (t: T) => boolean): void => {
			const n = list.findIndex(gone);
			if (n >= 0) list.splice(n, 1);
		};
		if (cmd.obj === 'elements') {
			this.setelem_evaluate(cmd);
			return;
		}
		if (table === null) return;
		switch (cmd.obj) {
			case 'table':
				drop(cache.tables, (t) => t === table);
				break;
			case 'chain':
				if (h.chain_name !== '')
					drop(
						table.cache.chains,
						(c) => c.handle.chain_name === h.chain_name,
					);
				break;
			case 'set':
				if (h.set_name !== '')
					drop(
						table.cache.sets,
						(s) => s.handle.set_name === h.set_name,
					);
				break;
			case 'flowtable':
				if (cmd.flowtable !== null && cmd.flowtable.dev_expr !== null)
					cmd.flowtable.devices = this.devices(
						cmd.flowtable.dev_expr,
					);
				if (h.ft_name !== '')
					drop(
						table.cache.flowtables,
						(f) => f.handle.ft_name === h.ft_name,
					);
				break;
			case 'counter':
				if (h.obj_name !== '')
					drop(
						table.cache.objs,
						(o) => o.handle.obj_name === h.obj_name,
					);
				break;
			default:
		}
	}

	cmd_list(cmd: nft_cmd): void {
		const h = cmd.handle;
		switch (cmd.obj) {
			case 'table':
				this.cmd_table();
				break;
			case 'set':
				this.cmd_set_of(set_is_literal);
				break;
			case 'meter':
				this.cmd_set_of(set_is_meter);
				break;
			case 'map':
				this.cmd_set_of(map_is_literal);
				break;
			case 'chain':
				if (this.cmd_table().chain(h.chain_name) === null)
					this.chain_not_found();
				break;
			case 'flowtable':
				if (this.cmd_table().flowtable(h.ft_name) === null) {
					const near = this.env.cache.fuzzy_flowtable(h.ft_name);
					const hint =
						near === null
							? ''
							: `; did you mean flowtable ‘${near.item.handle.ft_name}’ in table ${family2str(near.item.handle.family)} ‘${near.table.handle.table_name}’?`;
					fail(ENOENT_TEXT + hint, h.ft_loc);
				}
				break;
			case 'counter':
				if (this.cmd_table().obj(h.obj_name, 1) === null) {
					const near = this.env.cache.fuzzy_obj(h.obj_name);
					const hint =
						near === null
							? ''
							: `; did you mean obj ‘${near.item.handle.obj_name}’ in table ${family2str(near.item.handle.family)} ‘${near.table.handle.table_name}’?`;
					fail(ENOENT_TEXT + hint, h.obj_loc);
				}
				break;
			case 'counters':
			case 'sets':
			case 'flowtables':
				if (h.table_name !== '') this.cmd_table();
				break;
			default:
		}
	}

	cmd_flush(cmd: nft_cmd): void {
		switch (cmd.obj) {
			case 'set':
				this.cmd_set_of(set_is_literal).init = null;
				break;
			case 'map':
				this.cmd_set_of(map_is_literal).init = null;
				break;
			case 'meter':
				this.cmd_set_of(set_is_meter).init = null;
				break;
			default:
		}
	}

	/** Evaluates the command that the evaluator was made for. */
	run(): void {
		const cmd = this.cmd;
		this.context(null, 0, 0);
		switch (cmd.op) {
			case 'add':
			case 'replace':
			case 'create':
			case 'insert':
				this.cmd_add(cmd);
				break;
			case 'delete':
				this.cmd_delete(cmd);
				break;
			case 'get':
				this.setelem_evaluate(cmd);
				break;
			case 'list':
				this.cmd_list(cmd);
				break;
			case 'reset':
				if (cmd.handle.table_name !== '') this.cmd_table();
				break;
			case 'flush':
				this.cmd_flush(cmd);
				break;
			case 'rename':
				if (this.cmd_table().chain(cmd.handle.chain_name) === null)
					this.chain_not_found();
				break;
		}
	}
}
