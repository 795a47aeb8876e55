// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, from what the kernel dumps to rules, chains, tables, sets and the rest.
 * Modelled on netlink_delinearize.c, netlink.c and payload.c of nftables 1.0.6. A rule comes in two steps:
 * first its expressions become statements, by following the registers; then the statements are made
 * readable: bits become fields, constants get types, matches that others imply vanish.
 * Not here: the types that linearize.ts does not write.
 */

import {
	type nfnl_msg,
	type nlattrs,
	nla_data,
	nla_get_s32,
	nla_get_u16,
	nla_get_u32,
	nla_get_u64,
	nla_get_u8,
	nla_nested_list,
	nla_parse_nested,
	nla_strdup,
} from '../../../../../include/net/netlink.ts';
import {
	NFPROTO_BRIDGE,
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
	NFPROTO_NETDEV,
} from '../../../../../include/uapi/linux/netfilter.ts';
import { NF_NAT_RANGE_NETMAP } from '../../../../../include/uapi/linux/netfilter/nf_nat.ts';
import {
	NFTA_BITWISE_DATA,
	NFTA_BITWISE_DREG,
	NFTA_BITWISE_MASK,
	NFTA_BITWISE_OP,
	NFTA_BITWISE_SREG,
	NFTA_BITWISE_XOR,
	NFTA_BYTEORDER_DREG,
	NFTA_BYTEORDER_OP,
	NFTA_BYTEORDER_SREG,
	NFTA_CHAIN_FLAGS,
	NFTA_CHAIN_HANDLE,
	NFTA_CHAIN_HOOK,
	NFTA_CHAIN_NAME,
	NFTA_CHAIN_POLICY,
	NFTA_CHAIN_TABLE,
	NFTA_CHAIN_TYPE,
	NFTA_CHAIN_USERDATA,
	NFTA_CMP_DATA,
	NFTA_CMP_OP,
	NFTA_CMP_SREG,
	NFTA_COUNTER_BYTES,
	NFTA_COUNTER_PACKETS,
	NFTA_CT_DIRECTION,
	NFTA_CT_DREG,
	NFTA_CT_KEY,
	NFTA_CT_SREG,
	NFTA_DATA_VALUE,
	NFTA_DATA_VERDICT,
	NFTA_DEVICE_NAME,
	NFTA_DYNSET_EXPR,
	NFTA_DYNSET_OP,
	NFTA_DYNSET_SET_NAME,
	NFTA_DYNSET_SREG_DATA,
	NFTA_DYNSET_SREG_KEY,
	NFTA_DYNSET_TIMEOUT,
	NFTA_EXPR_DATA,
	NFTA_EXPR_NAME,
	NFTA_FIB_DREG,
	NFTA_FIB_FLAGS,
	NFTA_FIB_RESULT,
	NFTA_FLOWTABLE_FLAGS,
	NFTA_FLOWTABLE_HANDLE,
	NFTA_FLOWTABLE_HOOK,
	NFTA_FLOWTABLE_HOOK_DEVS,
	NFTA_FLOWTABLE_HOOK_NUM,
	NFTA_FLOWTABLE_HOOK_PRIORITY,
	NFTA_FLOWTABLE_NAME,
	NFTA_FLOWTABLE_TABLE,
	NFTA_FLOW_TABLE_NAME,
	NFTA_HOOK_DEV,
	NFTA_HOOK_DEVS,
	NFTA_HOOK_HOOKNUM,
	NFTA_HOOK_PRIORITY,
	NFTA_IMMEDIATE_DATA,
	NFTA_IMMEDIATE_DREG,
	NFTA_LIMIT_BURST,
	NFTA_LIMIT_FLAGS,
	NFTA_LIMIT_RATE,
	NFTA_LIMIT_TYPE,
	NFTA_LIMIT_UNIT,
	NFTA_LOG_FLAGS,
	NFTA_LOG_GROUP,
	NFTA_LOG_LEVEL,
	NFTA_LOG_PREFIX,
	NFTA_LOG_QTHRESHOLD,
	NFTA_LOG_SNAPLEN,
	NFTA_LOOKUP_DREG,
	NFTA_LOOKUP_FLAGS,
	NFTA_LOOKUP_SET,
	NFTA_LOOKUP_SREG,
	NFTA_MASQ_FLAGS,
	NFTA_MASQ_REG_PROTO_MAX,
	NFTA_MASQ_REG_PROTO_MIN,
	NFTA_META_DREG,
	NFTA_META_KEY,
	NFTA_META_SREG,
	NFTA_NAT_FAMILY,
	NFTA_NAT_FLAGS,
	NFTA_NAT_REG_ADDR_MAX,
	NFTA_NAT_REG_ADDR_MIN,
	NFTA_NAT_REG_PROTO_MAX,
	NFTA_NAT_REG_PROTO_MIN,
	NFTA_NAT_TYPE,
	NFTA_NG_DREG,
	NFTA_NG_MODULUS,
	NFTA_NG_OFFSET,
	NFTA_NG_TYPE,
	NFTA_OBJREF_IMM_NAME,
	NFTA_OBJREF_IMM_TYPE,
	NFTA_OBJREF_SET_NAME,
	NFTA_OBJREF_SET_SREG,
	NFTA_OBJ_DATA,
	NFTA_OBJ_HANDLE,
	NFTA_OBJ_NAME,
	NFTA_OBJ_TABLE,
	NFTA_OBJ_TYPE,
	NFTA_OBJ_USERDATA,
	NFTA_PAYLOAD_BASE,
	NFTA_PAYLOAD_DREG,
	NFTA_PAYLOAD_LEN,
	NFTA_PAYLOAD_OFFSET,
	NFTA_PAYLOAD_SREG,
	NFTA_RANGE_FROM_DATA,
	NFTA_RANGE_OP,
	NFTA_RANGE_SREG,
	NFTA_RANGE_TO_DATA,
	NFTA_REDIR_FLAGS,
	NFTA_REDIR_REG_PROTO_MAX,
	NFTA_REDIR_REG_PROTO_MIN,
	NFTA_REJECT_ICMP_CODE,
	NFTA_REJECT_TYPE,
	NFTA_RULE_CHAIN,
	NFTA_RULE_EXPRESSIONS,
	NFTA_RULE_HANDLE,
	NFTA_RULE_POSITION,
	NFTA_RULE_TABLE,
	NFTA_RULE_USERDATA,
	NFTA_SET_DATA_LEN,
	NFTA_SET_DATA_TYPE,
	NFTA_SET_DESC,
	NFTA_SET_DESC_CONCAT,
	NFTA_SET_DESC_SIZE,
	NFTA_SET_ELEM_DATA,
	NFTA_SET_ELEM_EXPIRATION,
	NFTA_SET_ELEM_EXPR,
	NFTA_SET_ELEM_FLAGS,
	NFTA_SET_ELEM_KEY,
	NFTA_SET_ELEM_KEY_END,
	NFTA_SET_ELEM_OBJREF,
	NFTA_SET_ELEM_TIMEOUT,
	NFTA_SET_ELEM_USERDATA,
	NFTA_SET_EXPR,
	NFTA_SET_FIELD_LEN,
	NFTA_SET_FLAGS,
	NFTA_SET_GC_INTERVAL,
	NFTA_SET_HANDLE,
	NFTA_SET_KEY_LEN,
	NFTA_SET_KEY_TYPE,
	NFTA_SET_NAME,
	NFTA_SET_OBJ_TYPE,
	NFTA_SET_POLICY,
	NFTA_SET_TABLE,
	NFTA_SET_TIMEOUT,
	NFTA_SET_USERDATA,
	NFTA_TABLE_FLAGS,
	NFTA_TABLE_HANDLE,
	NFTA_TABLE_NAME,
	NFTA_TABLE_USERDATA,
	NFTA_VERDICT_CHAIN,
	NFTA_VERDICT_CODE,
	NFT_BITWISE_BOOL,
	NFT_BITWISE_LSHIFT,
	NFT_BYTEORDER_NTOH,
	NFT_CHAIN_BASE,
	NFT_CMP_EQ,
	NFT_CMP_GT,
	NFT_CMP_GTE,
	NFT_CMP_LT,
	NFT_CMP_LTE,
	NFT_CMP_NEQ,
	NFT_CT_EVENTMASK,
	NFT_DATA_VERDICT,
	NFT_GOTO,
	NFT_JUMP,
	NFT_LOOKUP_F_INV,
	NFT_META_L4PROTO,
	NFT_META_NFPROTO,
	NFT_META_PROTOCOL,
	NFT_RANGE_NEQ,
	NFT_REG32_00,
	NFT_REG_1,
	NFT_REG_4,
	NFT_REG_SIZE,
	NFT_REG_VERDICT,
	NFT_REJECT_ICMPX_UNREACH,
	NFT_REJECT_TCP_RST,
	NFT_SET_ELEM_INTERVAL_END,
	NFT_SET_INTERVAL,
	NFT_SET_POL_PERFORMANCE,
} from '../../../../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	TYPE_BITMASK,
	TYPE_BITS,
	TYPE_IP6ADDR,
	TYPE_IPADDR,
	TYPE_MASK,
	TYPE_STRING,
	TYPE_VERDICT,
	concat_subtype_add,
	concat_subtype_lookup,
	concat_type_alloc,
	type datatype,
	datatype_lookup,
	ethertype_type,
	icmp_code_type,
	icmpv6_code_type,
	icmpx_code_type,
	inet_service_type,
	integer_type,
	invalid_type,
	ip6addr_type,
	ipaddr_type,
	set_datatype_alloc,
	string_type,
	verdict_type,
} from './datatype.ts';
import { error_record, internal_location, netlink_location } from './erec.ts';
import {
	EXPR_BINOP,
	EXPR_CONCAT,
	EXPR_CT,
	EXPR_F_INTERVAL,
	EXPR_F_INTERVAL_END,
	EXPR_F_KERNEL,
	EXPR_F_PROTOCOL,
	EXPR_LIST,
	EXPR_MAP,
	EXPR_MAPPING,
	EXPR_META,
	EXPR_PAYLOAD,
	EXPR_PREFIX,
	EXPR_RANGE,
	EXPR_RELATIONAL,
	EXPR_SET,
	EXPR_SET_ELEM,
	EXPR_SET_REF,
	EXPR_UNARY,
	EXPR_VALUE,
	OP_AND,
	OP_EQ,
	OP_GT,
	OP_GTE,
	OP_HTON,
	OP_IMPLICIT,
	OP_INVALID,
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
	bitmask_expr_to_binops,
	compound_expr_add,
	compound_expr_alloc,
	constant_expr_alloc,
	constant_expr_splice,
	ct_expr_alloc,
	ct_expr_update_type,
	expr,
	expr_basetype,
	expr_clone,
	expr_set_type,
	fib_expr_alloc,
	flagcmp_expr_alloc,
	map_expr_alloc,
	mapping_expr_alloc,
	meta_expr_alloc,
	numgen_expr_alloc,
	payload_expr_alloc,
	payload_init_raw,
	payload_is_known,
	prefix_expr_alloc,
	range_expr_alloc,
	relational_expr_alloc,
	relational_expr_pctx_update,
	set_elem_expr_alloc,
	set_expr_alloc,
	set_of,
	set_ref_expr_alloc,
	string_expr_alloc,
	unary_expr_alloc,
	verdict_expr_alloc,
} from './expr.ts';
import { concat_range_aggregate, interval_map_decompose, list_expr_sort } from './intervals.ts';
import {
	BYTEORDER_BIG_ENDIAN,
	BYTEORDER_HOST_ENDIAN,
	BYTEORDER_INVALID,
	type byteorder,
	div_round_up,
	mpz_bitmask,
	mpz_export_data,
	mpz_from_string,
	mpz_import_data,
	mpz_scan0,
	mpz_scan1,
	mpz_switch_byteorder,
	mpz_to_string,
	netlink_padded_len,
	netlink_register_space,
} from './mpz.ts';
import {
	ETH_P_8021Q,
	ETH_P_IP,
	ETH_P_IPV6,
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
	PROTO_ICMP_ADDRESS,
	PROTO_ICMP_ANY,
	PROTO_ICMP_ECHO,
	PROTO_ICMP_MTU,
	proto_ctx,
	type proto_desc,
	proto_eth,
	proto_find_num,
	proto_find_upper,
	type proto_hdr_template,
	proto_icmp,
	proto_icmp6,
	proto_inet,
	proto_ip,
	proto_ip6,
	proto_unknown,
	proto_vlan,
} from './proto.ts';
import {
	hooknum2str,
	nft_chain,
	nft_flowtable,
	nft_obj,
	nft_rule,
	nft_set,
	nft_table,
	set_is_anonymous,
	set_is_datamap,
	set_is_objmap,
} from './rule.ts';
import {
	NFT_NAT_MASQ,
	NFT_NAT_REDIR,
	STMT_LOG_GROUP,
	STMT_LOG_LEVEL,
	STMT_LOG_PREFIX,
	STMT_LOG_QTHRESHOLD,
	STMT_LOG_SNAPLEN,
	STMT_NAT_F_CONCAT,
	STMT_NAT_F_INTERVAL,
	STMT_NAT_F_PREFIX,
	chain_stmt,
	counter_stmt,
	ct_stmt,
	expr_stmt,
	flow_offload_stmt,
	limit_stmt,
	log_stmt,
	meta_stmt,
	nat_stmt,
	notrack_stmt,
	objref_stmt,
	payload_stmt,
	reject_stmt,
	set_stmt,
	type stmt,
	verdict_stmt,
} from './stmt.ts';
import {
	NFTNL_UDATA_COMMENT,
	NFTNL_UDATA_SET_COMMENT,
	NFTNL_UDATA_SET_DATABYTEORDER,
	NFTNL_UDATA_SET_DATA_INTERVAL,
	NFTNL_UDATA_SET_DATA_TYPEOF,
	NFTNL_UDATA_SET_ELEM_FLAGS,
	NFTNL_UDATA_SET_KEYBYTEORDER,
	NFTNL_UDATA_SET_KEY_TYPEOF,
	NFTNL_UDATA_SET_MERGE_ELEMENTS,
	udata_comment,
	udata_parse,
	udata_str,
	udata_typeof,
	udata_u32,
} from './udata.ts';

const LOC = netlink_location;
const NONE = new Uint8Array();
const MAX_REGS = 17;
const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;

/** What comes with a delinearizer: how to get chains that a filter left out, where errors go. */
export interface delinearize_env {
	load_chain(table: nft_table, name: string): void;
	errors: error_record[];
}

class parse_error extends Error {}

function give_up(msg: string): never {
	throw new parse_error(msg);
}

/* a constant as it lies in a register: big endian until its type is known */
function alloc_value(bytes: Uint8Array): expr {
	return constant_expr_alloc(
		LOC,
		invalid_type,
		BYTEORDER_INVALID,
		bytes.length * 8,
		mpz_import_data(bytes, BYTEORDER_INVALID),
	);
}

function data_bytes(tb: nlattrs, attr: number): Uint8Array {
	const d = nla_parse_nested(tb, attr);
	return (d === null ? null : nla_data(d, NFTA_DATA_VALUE)) ?? NONE;
}

function alloc_verdict(v: nlattrs): expr {
	const code = nla_get_s32(v, NFTA_VERDICT_CODE) ?? 0;
	const chain = nla_strdup(v, NFTA_VERDICT_CHAIN);
	const jump = code === NFT_JUMP || code === NFT_GOTO;
	return verdict_expr_alloc(
		LOC,
		code,
		jump && chain !== null ? string_expr_alloc(LOC, chain, chain.length) : null,
	);
}

function range_prefix_len(range: expr): number {
	const { left, right } = range;
	const diff = left.value ^ right.value;
	const n1 = mpz_scan0(diff, 0);
	if (mpz_scan1(diff, n1 + 1) < left.len) return -1;
	return mpz_scan1(left.value, 0) < n1 ? -1 : left.len - n1;
}

function range_expr_to_prefix(range: expr): expr {
	const plen = range_prefix_len(range);
	return plen < 0 ? range : prefix_expr_alloc(range.location, range.left, plen);
}

function range_expr_reduce(range: expr): expr {
	if (range.left.value === range.right.value) return range.left;
	const type = range.left.dtype.type;
	return type === TYPE_IPADDR || type === TYPE_IP6ADDR ? range_expr_to_prefix(range) : range;
}

function mask_to_prefix(e: expr): number {
	const n = mpz_scan1(e.value, 0);
	return n === Infinity ? 0 : mpz_scan0(e.value, n + 1) - n;
}

function mask_is_prefix(e: expr): boolean {
	const n = mpz_scan1(e.value, 0);
	return n === Infinity || mpz_scan0(e.value, n + 1) >= e.len;
}

/* inclusive ORs as a list */
function binop_tree_to_list(e: expr): expr {
	const parts: expr[] = [];
	const walk = (i: expr): void => {
		if (i.etype === EXPR_BINOP && i.op === OP_OR) {
			walk(i.left);
			walk(i.right);
		} else parts.push(i);
	};
	walk(e);
	return parts.length === 1 ? parts[0] : compound_expr_alloc(e.location, EXPR_LIST, parts);
}

function icmp_dep_to_type(dep: number): number {
	switch (dep) {
		case PROTO_ICMP_ECHO:
			return ICMP_ECHO;
		case PROTO_ICMP6_ECHO:
			return ICMP6_ECHO_REQUEST;
		case PROTO_ICMP_MTU:
			return 3;
		case PROTO_ICMP_ADDRESS:
			return 5;
		case PROTO_ICMP6_MTU:
			return 2;
		case PROTO_ICMP6_MGMQ:
			return 130;
		case PROTO_ICMP6_PPTR:
			return 4;
		default:
			return 0;
	}
}

function icmp_dep_excludes(tmpl: proto_hdr_template, ctx: proto_ctx): boolean {
	return (
		tmpl.icmp_dep !== PROTO_ICMP_ANY &&
		ctx.icmp_type !== 0 &&
		ctx.icmp_type !== icmp_dep_to_type(tmpl.icmp_dep)
	);
}

/* ---- fields of headers */

/* the header that an offset falls into, and where it starts, for stacked link layer headers */
function stacked_desc(
	ctx: proto_ctx,
	top: proto_desc,
	e: expr,
): { desc: proto_desc; skip: number } {
	let offset = e.offset;
	if (e.base !== PROTO_BASE_LL_HDR || offset < top.length) return { desc: top, skip: 0 };
	let skip = 0;
	for (const d of ctx.stacked_ll) {
		if (offset < d.length) return { desc: d, skip };
		offset -= d.length;
		skip += d.length;
	}
	return { desc: top, skip };
}

function payload_is_stacked(desc: proto_desc | null, rel: expr): boolean {
	if (
		rel.left.etype !== EXPR_PAYLOAD ||
		!(rel.left.flags & EXPR_F_PROTOCOL) ||
		rel.op !== OP_EQ
	)
		return false;
	if (desc === null) return false;
	const next = proto_find_upper(desc, Number(rel.right.value));
	return next !== null && next.base === desc.base;
}

/* bits become the field that they are, if they are one */
function payload_expr_complete(e: expr, ctx: proto_ctx): void {
	const top = ctx.protocol[e.base].desc;
	if (top === null || top === proto_inet) return;
	const { desc, skip } = stacked_desc(ctx, top, e);
	const offset = e.offset - skip;
	for (const [n, tmpl] of desc.templates.entries()) {
		if (tmpl.offset !== offset || tmpl.len !== e.len) continue;
		if (tmpl.meta_key >= 0 && n === 0) continue;
		if (icmp_dep_excludes(tmpl, ctx)) continue;
		e.dtype = tmpl.dtype;
		e.desc = desc;
		e.tmpl = tmpl;
		return;
	}
}

/* a mask that only cuts out a field is taken into the field; answers the shift of the constant, or -1 */
function payload_expr_trim(e: expr, mask: expr, ctx: proto_ctx): number {
	const mask_offset = mpz_scan1(mask.value, 0);
	const mask_len =
		mask_offset === Infinity ? Infinity : mpz_scan0(mask.value, mask_offset + 1);
	const top = ctx.protocol[e.base].desc;
	if (top === null || mask_len === Infinity) return -1;
	const { desc, skip } = stacked_desc(ctx, top, e);
	const off = div_round_up(mask.len, 8) * 8 - mask_len;
	let offset = e.offset - skip + off;
	let rest = e.len;
	let len = 0;
	for (const tmpl of desc.templates.slice(1)) {
		if (tmpl.offset !== offset) continue;
		if (tmpl.len > rest) return -1;
		rest -= tmpl.len;
		offset += tmpl.len;
		len += tmpl.len;
		if (rest === 0) return -1;
		if (mask_offset + len === mask_len) {
			e.offset += off;
			e.len = len;
			return mask_offset;
		}
	}
	return -1;
}

/* a load of several fields falls apart into them */
function payload_expr_expand(e: expr, ctx: proto_ctx): expr[] {
	const out: expr[] = [];
	const top = ctx.protocol[e.base].desc;
	let offset = e.offset;
	if (top !== null && top !== proto_unknown) {
		const { desc, skip } = stacked_desc(ctx, top, e);
		offset -= skip;
		for (const [n, tmpl] of desc.templates.entries()) {
			if (n === 0) continue;
			if (tmpl.len === 0) break;
			if (tmpl.offset !== offset || icmp_dep_excludes(tmpl, ctx)) continue;
			const field = payload_expr_alloc(e.location, desc, n);
			if (tmpl.len > e.len) {
				field.len = e.len;
				out.push(field);
				return out;
			}
			out.push(field);
			e.len -= tmpl.len;
			e.offset += tmpl.len;
			offset += tmpl.len;
			if (e.len === 0) return out;
		}
	}
	const raw = payload_expr_alloc(e.location, null, 0);
	payload_init_raw(raw, e.base, offset, e.len);
	out.push(raw);
	return out;
}

/* ---- matches that a later one implies */

class payload_dep_ctx {
	pdeps: (expr_stmt | null)[] = [null, null, null, null, null, null];
	icmp_type = 0;
	prev: stmt | null = null;

	reset(): void {
		this.pdeps.fill(null);
		this.icmp_type = 0;
		this.prev = null;
	}

	store_icmp_type(s: expr_stmt): boolean {
		const dep = s.expr;
		if (dep.left.etype !== EXPR_PAYLOAD) return false;
		if (dep.right.etype !== EXPR_VALUE || dep.right.len !== 8) return false;
		const type = Number(dep.right.value);
		if (dep.left.desc === proto_icmp) {
			this.icmp_type = type === ICMP_ECHOREPLY ? ICMP_ECHO : type;
			return this.icmp_type === ICMP_ECHO;
		}
		if (dep.left.desc === proto_icmp6) {
			this.icmp_type = type;
			return type === ICMP6_ECHO_REQUEST || type === ICMP6_ECHO_REPLY;
		}
		return false;
	}

	store(s: stmt | null, base: number): void {
		if (s === null || s.type !== 'expression' || this.store_icmp_type(s)) return;
		this.pdeps[base + 1] = s;
	}

	slot(base: number): number {
		if (this.pdeps[base] !== null) return base;
		return base === PROTO_BASE_TRANSPORT_HDR && this.pdeps[base + 1] !== null
			? base + 1
			: -1;
	}

	get(base: number): expr | null {
		const n = this.slot(base);
		return n < 0 ? null : (this.pdeps[n]?.expr ?? null);
	}

	release(base: number, stmts: stmt[]): void {
		const n = this.slot(base);
		const s = n < 0 ? null : this.pdeps[n];
		if (s === null) return;
		const at = stmts.indexOf(s);
		if (at >= 0) stmts.splice(at, 1);
		if (this.prev === s) this.prev = null;
		this.pdeps[n] = null;
	}

	may_kill_icmp(dep: expr, e: expr): boolean {
		if (e.tmpl.icmp_dep === PROTO_ICMP_ANY || dep.left.desc !== e.desc) return false;
		return this.icmp_type === icmp_dep_to_type(e.tmpl.icmp_dep);
	}

	may_kill_ll(dep: expr): boolean {
		if (dep.left.desc === proto_vlan) return false;
		if (
			dep.left.desc === proto_eth &&
			dep.right.etype === EXPR_VALUE &&
			dep.right.len === 16
		)
			return Number(dep.right.value) === ETH_P_8021Q;
		return true;
	}

	may_kill(dep: expr, family: number, e: expr): boolean {
		const left = dep.left;
		if (
			family === NFPROTO_BRIDGE ||
			family === NFPROTO_NETDEV ||
			family === NFPROTO_INET
		) {
			if (
				left.etype === EXPR_PAYLOAD &&
				left.base === PROTO_BASE_NETWORK_HDR &&
				(left.desc === proto_ip || left.desc === proto_ip6) &&
				e.base === PROTO_BASE_TRANSPORT_HDR
			)
				return false;
			if (
				left.etype === EXPR_PAYLOAD &&
				dep.op === OP_EQ &&
				e.base === left.base
			) {
				if (e.flags & EXPR_F_PROTOCOL) return false;
				if (e.base === PROTO_BASE_LL_HDR) return this.may_kill_ll(dep);
			}
		}
		if (e.base !== PROTO_BASE_TRANSPORT_HDR) return true;
		if (left.etype === EXPR_PAYLOAD && left.base === PROTO_BASE_TRANSPORT_HDR)
			if (left.desc === proto_icmp || left.desc === proto_icmp6)
				return this.may_kill_icmp(dep, e);
		return true;
	}

	kill(e: expr, family: number, stmts: stmt[]): void {
		if (e.desc === proto_unknown) return;
		const dep = this.get(e.base);
		if (dep !== null && this.may_kill(dep, family, e)) this.release(e.base, stmts);
	}
}

function ether_type_to_nfproto(type: number): number {
	if (type === ETH_P_IP) return NFPROTO_IPV4;
	return type === ETH_P_IPV6 ? NFPROTO_IPV6 : 0;
}

/* ---- the second step */

class postprocessor {
	rule: nft_rule;
	pctx: proto_ctx;
	pdctx = new payload_dep_ctx();
	stmt: stmt | null = null;
	/** there is no relation around: masks must go at once */
	in_concat = false;
	in_set_elem = false;

	constructor(rule: nft_rule) {
		this.rule = rule;
		this.pctx = new proto_ctx(rule.handle.family);
	}

	insert(s: stmt): void {
		const at = this.stmt === null ? -1 : this.rule.stmts.indexOf(this.stmt);
		this.rule.stmts.splice(at < 0 ? this.rule.stmts.length : at, 0, s);
	}

	remove(s: stmt | null): void {
		const at = s === null ? -1 : this.rule.stmts.indexOf(s);
		if (at >= 0) this.rule.stmts.splice(at, 1);
	}

	kill(e: expr): void {
		this.pdctx.kill(e, this.pctx.family, this.rule.stmts);
	}

	/* ---- payload */

	match_expand(e: expr, payload: expr): void {
		let base = payload.base;
		const right = e.right;
		for (const left of payload_expr_expand(payload, this.pctx)) {
			let tmp = constant_expr_splice(right, left.len);
			expr_set_type(tmp, left.dtype, left.byteorder);
			if (payload_is_known(left) && left.len < left.tmpl.len) {
				tmp.value <<= BigInt(left.tmpl.len - left.len);
				tmp.len = left.tmpl.len;
				tmp = prefix_expr_alloc(tmp.location, tmp, left.len);
			}
			const rel = relational_expr_alloc(e.location, e.op, left, tmp);
			if (e.op === OP_EQ) relational_expr_pctx_update(this.pctx, rel);
			const nstmt = new expr_stmt(e.location, rel);
			this.insert(nstmt);
			if (payload_is_stacked(this.pctx.protocol[base].desc, rel)) base--;
			this.kill(left);
			if (e.op === OP_EQ && left.flags & EXPR_F_PROTOCOL)
				this.pdctx.store(nstmt, base);
		}
		this.remove(this.stmt);
		this.stmt = null;
	}

	icmp_check(e: expr, value: expr): void {
		if (e.base !== PROTO_BASE_TRANSPORT_HDR) return;
		if (e.len !== 8 || value.len !== 8 || this.pctx.icmp_type) return;
		const desc = this.pctx.protocol[e.base].desc;
		if (desc !== proto_icmp && desc !== proto_icmp6) return;
		for (const [n, tmpl] of desc.templates.entries()) {
			if (n === 0) continue;
			if (tmpl.len === 0) return;
			if (tmpl.offset !== e.offset || tmpl.len !== e.len) continue;
			if (desc.protocol_key !== n) return;
			e.desc = desc;
			e.tmpl = tmpl;
			this.pctx.icmp_type = Number(value.value);
			return;
		}
	}

	match(e: expr, payload: expr): void {
		if (e.op === OP_EQ || e.op === OP_NEQ) {
			if (e.right.etype === EXPR_VALUE) {
				this.match_expand(e, payload);
				return;
			}
			if (e.right.etype === EXPR_SET_REF) {
				const set = set_of(e.right);
				const first = set_is_anonymous(set.flags)
					? set.init?.expressions[0]
					: undefined;
				if (
					first !== undefined &&
					first.etype === EXPR_SET_ELEM &&
					first.key.etype === EXPR_VALUE
				)
					this.icmp_check(payload, first.key);
			}
		}
		payload_expr_complete(payload, this.pctx);
		expr_set_type(e.right, payload.dtype, payload.byteorder);
		this.kill(payload);
	}

	/* ---- meta and ct */

	meta_may_kill(e: expr): boolean {
		const dep = this.pdctx.get(PROTO_BASE_NETWORK_HDR);
		if (dep === null) return true;
		let nfproto: number;
		if (dep.left.etype === EXPR_META) {
			if (dep.left.meta_key === NFT_META_NFPROTO)
				nfproto = Number(dep.right.value & 0xffn);
			else if (dep.left.meta_key === NFT_META_PROTOCOL)
				nfproto = ether_type_to_nfproto(Number(dep.right.value));
			else return true;
		} else if (dep.left.etype === EXPR_PAYLOAD) {
			if (
				dep.left.base !== PROTO_BASE_LL_HDR ||
				dep.left.dtype !== ethertype_type
			)
				return true;
			nfproto = ether_type_to_nfproto(Number(dep.right.value));
		} else return true;

		switch (this.pctx.family) {
			case NFPROTO_INET:
			case NFPROTO_NETDEV:
			case NFPROTO_BRIDGE:
				break;
			case NFPROTO_IPV4:
			case NFPROTO_IPV6:
				return this.pctx.family === nfproto;
			default:
				return true;
		}
		if (e.left.meta_key !== NFT_META_L4PROTO) return true;
		const l4 = Number(e.right.value & 0xffn);
		if (l4 !== IPPROTO_ICMP && l4 !== IPPROTO_ICMPV6) return false;
		return !(
			(nfproto === NFPROTO_IPV4 && l4 === IPPROTO_ICMPV6) ||
			(nfproto === NFPROTO_IPV6 && l4 === IPPROTO_ICMP)
		);
	}

	ct_meta_match(e: expr): void {
		const { left, right } = e;
		const base = left.base;
		if (right.etype === EXPR_SET || right.etype === EXPR_SET_REF)
			expr_set_type(right, left.dtype, left.byteorder);
		if (e.op !== OP_EQ) return;
		if (
			right.etype === EXPR_RANGE ||
			right.etype === EXPR_SET ||
			right.etype === EXPR_SET_REF
		)
			return;
		relational_expr_pctx_update(this.pctx, e);
		if (base >= PROTO_BASE_TRANSPORT_HDR) return;
		if (this.pdctx.get(base) !== null && this.meta_may_kill(e))
			this.pdctx.release(base, this.rule.stmts);
		if (left.flags & EXPR_F_PROTOCOL) this.pdctx.store(this.stmt, base);
	}

	/* ---- masks */

	adjust_one(binop: expr, value: expr, shift: number): void {
		value.value >>= BigInt(shift);
		value.len = binop.left.len;
	}

	adjust_key(binop: expr, key: expr, shift: number): void {
		if (key.etype === EXPR_VALUE) this.adjust_one(binop, key, shift);
		else if (key.etype === EXPR_RANGE) {
			this.adjust_one(binop, key.left, shift);
			this.adjust_one(binop, key.right, shift);
		} else if (key.etype === EXPR_SET_ELEM) this.adjust_key(binop, key.key, shift);
	}

	adjust(binop: expr, right: expr, shift: number): void {
		if (right.etype === EXPR_SET_REF) {
			const set = set_of(right);
			if (!set_is_anonymous(set.flags)) return;
			for (const i of set.init?.expressions ?? [])
				this.adjust_key(
					binop,
					i.etype === EXPR_MAPPING ? i.left.key : i.key,
					shift,
				);
		} else this.adjust_key(binop, right, shift);
	}

	/* what takes the place of the binop */
	binop_trim(e: expr, binop: expr): expr {
		const left = binop.left;
		if (left.etype !== EXPR_PAYLOAD) return binop;
		const shift = payload_expr_trim(left, binop.right, this.pctx);
		if (shift < 0) return binop;
		if (e.etype === EXPR_BINOP || e.etype === EXPR_RELATIONAL || e.etype === EXPR_MAP)
			this.adjust(binop, e.right, shift);
		this.match(e, left);
		return left;
	}

	relational_binop(e: expr): expr {
		const binop = e.left;
		const right = e.right;
		if (
			binop.op === OP_AND &&
			(e.op === OP_NEQ || e.op === OP_EQ) &&
			right.dtype.basetype !== null &&
			right.dtype.basetype.type === TYPE_BITMASK
		) {
			if (right.etype === EXPR_VALUE) {
				if (right.value === 0n) {
					e.left = binop.left;
					e.right = binop_tree_to_list(binop.right);
					e.op = e.op === OP_NEQ ? OP_IMPLICIT : OP_NEG;
					return e;
				}
				if (
					binop.right.etype === EXPR_VALUE &&
					right.value === binop.right.value
				)
					return e;
				return flagcmp_expr_alloc(
					e.location,
					e.op,
					binop.left,
					binop_tree_to_list(binop.right),
					right,
				);
			}
			if (right.etype === EXPR_BINOP)
				return flagcmp_expr_alloc(
					e.location,
					e.op,
					binop.left,
					binop_tree_to_list(binop.right),
					binop_tree_to_list(right),
				);
			return e;
		}
		if (
			binop.left.dtype.prefix &&
			binop.op === OP_AND &&
			right.etype === EXPR_VALUE &&
			mask_is_prefix(binop.right)
		) {
			e.left = binop.left;
			e.right = prefix_expr_alloc(e.location, right, mask_to_prefix(binop.right));
			return e;
		}
		if (binop.op === OP_AND && binop.right.etype === EXPR_VALUE) {
			e.left = this.binop_trim(e, binop);
			return e;
		}
		if (
			binop.op === OP_RSHIFT &&
			binop.left.op === OP_AND &&
			binop.right.etype === EXPR_VALUE &&
			binop.left.right.etype === EXPR_VALUE
		) {
			binop.left = this.binop_trim(binop, binop.left);
			if (binop.right.len <= 64 && binop.right.value === 0n) e.left = binop.left;
		}
		return e;
	}

	/* ---- expressions */

	string(e: expr): expr {
		const len = div_round_up(e.len, 8);
		const data = mpz_export_data(e.value, BYTEORDER_HOST_ENDIAN, len);
		const constant = (text: string, bytes: number): expr =>
			constant_expr_alloc(
				e.location,
				e.dtype,
				BYTEORDER_HOST_ENDIAN,
				bytes * 8,
				mpz_from_string(text),
			);
		if (len === 0 || data[len - 1] !== 0) {
			// no room for the end: a wildcard
			return constant(`${mpz_to_string(e.value, len)}*`, len + 1);
		}
		const text = mpz_to_string(e.value, len);
		return text.endsWith('*')
			? constant(`${text.slice(0, -1)}\\*`, text.length + 2)
			: e;
	}

	value(e: expr): expr {
		if (e.byteorder === BYTEORDER_HOST_ENDIAN)
			e.value = mpz_switch_byteorder(e.value, div_round_up(e.len, 8));
		if (expr_basetype(e).type === TYPE_STRING) e = this.string(e);
		if (e.dtype.basetype !== null && e.dtype.basetype.type === TYPE_BITMASK)
			return bitmask_expr_to_binops(e);
		return e;
	}

	concat(e: expr): expr {
		const type = e.dtype.type;
		let off = e.dtype.subtypes;
		let ntype = 0;
		this.in_concat = true;
		e.expressions = e.expressions.map((part) => {
			if (type) {
				const d = concat_subtype_lookup(type, --off);
				expr_set_type(part, d, d.byteorder);
			}
			const i = this.expr(part);
			ntype = concat_subtype_add(ntype, i.dtype.type);
			return i;
		});
		this.in_concat = false;
		e.dtype = concat_type_alloc(ntype);
		return e;
	}

	binop(e: expr): expr {
		e.left = this.expr(e.left);
		switch (e.op) {
			case OP_LSHIFT:
			case OP_RSHIFT:
				expr_set_type(e.right, integer_type, BYTEORDER_HOST_ENDIAN);
				break;
			case OP_AND:
				expr_set_type(e.right, e.left.dtype, e.left.byteorder);
				if (
					(this.in_concat || this.in_set_elem) &&
					e.left.etype === EXPR_PAYLOAD &&
					e.right.etype === EXPR_VALUE
				)
					return this.binop_trim(e, e);
				break;
			default:
				expr_set_type(e.right, e.left.dtype, e.left.byteorder);
		}
		e.right = this.expr(e.right);
		expr_set_type(e, e.left.dtype, e.left.byteorder);
		return e;
	}

	relational(e: expr): expr {
		if (e.left.etype === EXPR_PAYLOAD) {
			this.match(e, e.left);
			return e;
		}
		e.left = this.expr(e.left);
		expr_set_type(e.right, e.left.dtype, e.left.byteorder);
		e.right = this.expr(e.right);
		if (e.left.etype === EXPR_CT || e.left.etype === EXPR_META) this.ct_meta_match(e);
		else if (e.left.etype === EXPR_BINOP) return this.relational_binop(e);
		return e;
	}

	expr(e: expr): expr {
		switch (e.etype) {
			case EXPR_MAP:
				if (
					e.left.etype === EXPR_BINOP &&
					e.left.op === OP_AND &&
					e.left.left.etype === EXPR_PAYLOAD &&
					e.left.right.etype === EXPR_VALUE
				)
					e.left = this.binop_trim(e, e.left);
				e.left = this.expr(e.left);
				return e;
			case EXPR_MAPPING:
				e.left = this.expr(e.left);
				e.right = this.expr(e.right);
				return e;
			case EXPR_SET:
				e.expressions = e.expressions.map((i) => this.expr(i));
				return e;
			case EXPR_CONCAT:
				return this.concat(e);
			case EXPR_UNARY:
				e.left = this.expr(e.left);
				expr_set_type(
					e,
					e.left.dtype,
					e.left.byteorder === BYTEORDER_INVALID
						? BYTEORDER_HOST_ENDIAN
						: BYTEORDER_INVALID,
				);
				return e;
			case EXPR_BINOP:
				return this.binop(e);
			case EXPR_RELATIONAL:
				return this.relational(e);
			case EXPR_PAYLOAD:
				payload_expr_complete(e, this.pctx);
				this.kill(e);
				return e;
			case EXPR_VALUE:
				return this.value(e);
			case EXPR_RANGE:
				e.left = this.expr(e.left);
				e.right = this.expr(e.right);
				return e;
			case EXPR_PREFIX:
				e.left = this.expr(e.left);
				return e;
			case EXPR_SET_ELEM:
				this.in_set_elem = true;
				e.key = this.expr(e.key);
				this.in_set_elem = false;
				return e;
			case EXPR_CT:
				ct_expr_update_type(this.pctx, e);
				return e;
			default:
				return e;
		}
	}

	/* ---- statements */

	reject(s: reject_stmt): void {
		const family = this.pctx.family;
		const code = (v4: boolean): datatype => (v4 ? icmp_code_type : icmpv6_code_type);
		if (family === NFPROTO_IPV4 || family === NFPROTO_IPV6) {
			s.family = family;
			s.expr.dtype = code(family === NFPROTO_IPV4);
			if (s.reject_type === NFT_REJECT_TCP_RST)
				this.pdctx.release(PROTO_BASE_TRANSPORT_HDR, this.rule.stmts);
			return;
		}
		if (
			family !== NFPROTO_INET &&
			family !== NFPROTO_BRIDGE &&
			family !== NFPROTO_NETDEV
		)
			return;
		if (s.reject_type === NFT_REJECT_ICMPX_UNREACH) {
			s.expr.dtype = icmpx_code_type;
			return;
		}
		// a plain reject would not say which IP
		s.verbose = true;
		const base = this.pctx.protocol[PROTO_BASE_LL_HDR].desc;
		const desc = this.pctx.protocol[PROTO_BASE_NETWORK_HDR].desc;
		const num = base === null || desc === null ? -1 : proto_find_num(base, desc);
		if (num === NFPROTO_IPV4 || num === ETH_P_IP) {
			s.family = NFPROTO_IPV4;
			s.expr.dtype = code(true);
		} else if (num === NFPROTO_IPV6 || num === ETH_P_IPV6) {
			s.family = NFPROTO_IPV6;
			s.expr.dtype = code(false);
		}
		this.pdctx.release(PROTO_BASE_NETWORK_HDR, this.rule.stmts);
	}

	/* two comparisons are a range */
	merge_range(prev: expr, cur: expr): number {
		if (prev.etype !== EXPR_RELATIONAL || cur.etype !== EXPR_RELATIONAL)
			return OP_INVALID;
		const bare = (e: expr): expr => (e.etype === EXPR_UNARY ? e.left : e);
		if (bare(cur.left).etype !== bare(prev.left).etype) return OP_INVALID;
		if (cur.op === OP_LTE && prev.op === OP_GTE) return OP_EQ;
		if (cur.op === OP_GT && prev.op === OP_LT) return OP_NEQ;
		return OP_INVALID;
	}

	expr_stmt(s: expr_stmt): void {
		s.expr = this.expr(s.expr);
		const prev = this.pdctx.prev;
		if (prev === null || prev.type !== 'expression' || this.stmt === null) return;
		const op = this.merge_range(prev.expr, s.expr);
		if (op === OP_INVALID) return;
		const range = range_expr_alloc(prev.location, prev.expr.right, s.expr.right);
		const nstmt = new expr_stmt(
			s.location,
			relational_expr_alloc(prev.location, op, s.expr.left, range),
		);
		this.insert(nstmt);
		this.remove(prev);
		this.remove(s);
		this.stmt = nstmt;
	}

	/* a field that is no whole bytes is written with a mask around it */
	payload_binop(s: payload_stmt): void {
		const e = s.val;
		if (e.etype !== EXPR_BINOP || e.right.etype !== EXPR_VALUE) return;
		const value = e.right;
		if (e.left.etype === EXPR_BINOP) {
			const binop = e.left;
			const payload = binop.left;
			const mask = binop.right;
			if (e.op !== OP_OR || binop.op !== OP_AND) return;
			if (payload.etype !== EXPR_PAYLOAD || mask.etype !== EXPR_VALUE) return;
			if (
				payload.base !== s.expr.base ||
				payload.offset !== s.expr.offset ||
				payload.len !== s.expr.len
			)
				return;
			const keep = mask.value;
			mask.value = mpz_bitmask(payload.len) ^ keep ^ value.value;
			e.left = this.binop_trim(e, binop);
			if (!payload_is_known(payload)) {
				mask.value = keep;
				return;
			}
			s.expr = payload;
			s.val = e.right;
			return;
		}
		if (e.left.etype !== EXPR_PAYLOAD) return;
		const payload = e.left;
		if (e.op === OP_AND) value.value = mpz_bitmask(payload.len) ^ value.value;
		else if (e.op !== OP_OR) return;
		const shift = payload_expr_trim(payload, value, this.pctx);
		if (shift >= 0) {
			this.adjust(e, value, shift);
			payload_expr_complete(payload, this.pctx);
			expr_set_type(value, payload.dtype, payload.byteorder);
		}
		if (!payload_is_known(payload)) return;
		if (e.op === OP_AND) value.value = 0n;
		s.expr = payload;
		s.val = value;
	}

	payload_stmt(s: payload_stmt): void {
		payload_expr_complete(s.expr, this.pctx);
		if (!payload_is_known(s.expr)) this.payload_binop(s);
		s.expr = this.expr(s.expr);
		expr_set_type(s.val, s.expr.dtype, s.expr.byteorder);
		s.val = this.expr(s.val);
	}

	one(s: stmt): void {
		switch (s.type) {
			case 'expression':
				this.expr_stmt(s);
				break;
			case 'payload':
				this.payload_stmt(s);
				break;
			case 'meta':
				s.expr = this.expr(s.expr);
				break;
			case 'ct':
				s.expr = this.expr(s.expr);
				if (s.expr.etype === EXPR_BINOP && s.key === NFT_CT_EVENTMASK)
					s.expr = binop_tree_to_list(s.expr);
				break;
			case 'nat':
				if (s.addr !== null) s.addr = this.expr(s.addr);
				if (s.proto !== null) {
					this.pdctx.reset();
					s.proto = this.expr(s.proto);
				}
				break;
			case 'reject':
				this.reject(s);
				break;
			case 'set':
				s.key = this.expr(s.key);
				s.data = this.expr(s.data);
				break;
			case 'objref':
				s.expr = this.expr(s.expr);
				break;
			default:
		}
	}

	run(): void {
		for (const s of [...this.rule.stmts]) {
			this.stmt = s;
			this.one(s);
			this.pdctx.prev = this.stmt;
			// what has an effect must see all that was matched before it
			if (s.type !== 'expression') this.pdctx.reset();
		}
	}
}

/* ---- the first step */

class rule_parser {
	env: delinearize_env;
	table: nft_table;
	registers: (expr | null)[] = [];

	constructor(env: delinearize_env, table: nft_table) {
		this.env = env;
		this.table = table;
		for (let i = 0; i <= MAX_REGS; i++) this.registers.push(null);
	}

	/* in 32-bit slots from 1, 0: the verdict or none */
	register(tb: nlattrs, attr: number): number {
		const reg = nla_get_u32(tb, attr) ?? 0;
		if (reg >= NFT_REG_1 && reg <= NFT_REG_4)
			return 1 + (reg - NFT_REG_1) * (NFT_REG_SIZE / 4);
		return reg >= NFT_REG32_00 ? 1 + reg - NFT_REG32_00 : reg;
	}

	set(reg: number, e: expr): void {
		if (reg === NFT_REG_VERDICT || reg > MAX_REGS)
			give_up(`Invalid destination register ${reg}`);
		this.registers[reg] = e;
	}

	get(reg: number, missing: string): expr {
		if (reg === NFT_REG_VERDICT || reg > MAX_REGS)
			give_up(`Invalid source register ${reg}`);
		const e = this.registers[reg];
		return e === null ? give_up(missing) : expr_clone(e);
	}

	/* several registers in a row */
	concat(reg: number, len: number): expr {
		const parts: expr[] = [];
		while (len > 0) {
			const e = this.get(reg, 'Relational expression size mismatch');
			const used = netlink_padded_len(e.len);
			if (used === 0) give_up('Relational expression size mismatch');
			parts.push(e);
			len -= used;
			reg += netlink_register_space(e.len);
		}
		return compound_expr_alloc(LOC, EXPR_CONCAT, parts);
	}

	concat_key(reg: number, key: expr): expr {
		const type = key.dtype.type;
		const e = this.concat(reg, key.len);
		let n = div_round_up(32 - Math.clz32(type), TYPE_BITS);
		for (const i of e.expressions) {
			if (n > 0 && (type >>> (TYPE_BITS * --n)) & TYPE_MASK) {
				const d = concat_subtype_lookup(type, n);
				expr_set_type(i, d, d.byteorder);
			}
		}
		return e;
	}

	lookup_set(name: string | null, what: string): nft_set {
		const set = name === null ? null : this.table.set(name);
		return set ?? give_up(`Unknown set '${name ?? ''}' in ${what}`);
	}

	/* the source register, or several if the set has such a key */
	lookup_key(reg: number, set: nft_set, missing: string): expr {
		const left = this.get(reg, missing);
		return left.len < set.key.len ? this.concat(reg, set.key.len) : left;
	}

	/** One expression: a statement, or null if it only wrote a register. */
	parse(e: nlattrs): stmt | null {
		const name = nla_strdup(e, NFTA_EXPR_NAME) ?? '';
		const tb = nla_parse_nested(e, NFTA_EXPR_DATA) ?? new Map<number, never>();
		switch (name) {
			case 'immediate':
				return this.immediate(tb);
			case 'cmp':
				return this.cmp(tb);
			case 'range':
				return this.range(tb);
			case 'lookup':
				return this.lookup(tb);
			case 'bitwise':
				return this.bitwise(tb);
			case 'byteorder':
				return this.byteorder(tb);
			case 'payload':
				return this.payload(tb);
			case 'meta':
				return this.meta(tb);
			case 'ct':
				return this.ct(tb);
			case 'numgen': {
				const g = numgen_expr_alloc(
					LOC,
					nla_get_u32(tb, NFTA_NG_TYPE) ?? 0,
					nla_get_u32(tb, NFTA_NG_MODULUS) ?? 0,
					nla_get_u32(tb, NFTA_NG_OFFSET) ?? 0,
				);
				this.set(this.register(tb, NFTA_NG_DREG), g);
				return null;
			}
			case 'fib': {
				const f = fib_expr_alloc(
					LOC,
					nla_get_u32(tb, NFTA_FIB_FLAGS) ?? 0,
					nla_get_u32(tb, NFTA_FIB_RESULT) ?? 0,
				);
				this.set(this.register(tb, NFTA_FIB_DREG), f);
				return null;
			}
			case 'counter':
				return this.counter(tb);
			case 'limit':
				return this.limit(tb);
			case 'log':
				return this.log(tb);
			case 'reject':
				return this.reject(tb);
			case 'nat':
				return this.nat(tb);
			case 'masq':
				return this.nat_ports(
					tb,
					NFT_NAT_MASQ,
					NFTA_MASQ_FLAGS,
					NFTA_MASQ_REG_PROTO_MIN,
					NFTA_MASQ_REG_PROTO_MAX,
				);
			case 'redir':
				return this.nat_ports(
					tb,
					NFT_NAT_REDIR,
					NFTA_REDIR_FLAGS,
					NFTA_REDIR_REG_PROTO_MIN,
					NFTA_REDIR_REG_PROTO_MAX,
				);
			case 'notrack':
				return new notrack_stmt(LOC);
			case 'flow_offload':
				return new flow_offload_stmt(
					LOC,
					nla_strdup(tb, NFTA_FLOW_TABLE_NAME) ?? '',
				);
			case 'dynset':
				return this.dynset(tb);
			case 'objref':
				return this.objref(tb);
			default:
				return give_up(`unknown expression type '${name}'`);
		}
	}

	immediate(tb: nlattrs): stmt | null {
		const reg = this.register(tb, NFTA_IMMEDIATE_DREG);
		if (reg !== NFT_REG_VERDICT) {
			this.set(reg, alloc_value(data_bytes(tb, NFTA_IMMEDIATE_DATA)));
			return null;
		}
		const d = nla_parse_nested(tb, NFTA_IMMEDIATE_DATA);
		const v = d === null ? null : nla_parse_nested(d, NFTA_DATA_VERDICT);
		if (v === null) give_up('immediate expression has no verdict');
		const e = alloc_verdict(v);
		const name = nla_strdup(v, NFTA_VERDICT_CHAIN);
		if (name !== null && (e.verdict === NFT_JUMP || e.verdict === NFT_GOTO)) {
			const find = (): nft_chain | undefined =>
				this.table.chain_bindings.find((c) => c.handle.chain_name === name);
			if (find() === undefined && name.startsWith('__chain'))
				this.env.load_chain(this.table, name);
			const chain = find();
			if (chain !== undefined) {
				e.chain = null;
				return new chain_stmt(LOC, chain, e);
			}
		}
		return new verdict_stmt(LOC, e);
	}

	cmp(tb: nlattrs): stmt {
		const reg = this.register(tb, NFTA_CMP_SREG);
		let left = this.get(reg, 'Relational expression has no left hand side');
		let right = alloc_value(data_bytes(tb, NFTA_CMP_DATA));
		const ops: Readonly<Record<number, number>> = {
			[NFT_CMP_EQ]: OP_EQ,
			[NFT_CMP_NEQ]: OP_NEQ,
			[NFT_CMP_LT]: OP_LT,
			[NFT_CMP_LTE]: OP_LTE,
			[NFT_CMP_GT]: OP_GT,
			[NFT_CMP_GTE]: OP_GTE,
		};
		const op = ops[nla_get_u32(tb, NFTA_CMP_OP) ?? 0] ?? OP_INVALID;
		if (left.len > right.len && expr_basetype(left) !== string_type) {
			const len = right.len;
			right.value <<= BigInt(left.len - len);
			right.len = left.len;
			right = prefix_expr_alloc(LOC, right, len);
		} else if (left.len > 0 && left.len < right.len) {
			left = this.concat(reg, right.len);
			const parts: expr[] = [];
			for (const i of left.expressions) {
				parts.push(constant_expr_splice(right, i.len));
				right.len -= netlink_padded_len(i.len) - i.len;
			}
			right = compound_expr_alloc(LOC, EXPR_CONCAT, parts);
		}
		return new expr_stmt(LOC, relational_expr_alloc(LOC, op, left, right));
	}

	range(tb: nlattrs): stmt {
		const left = this.get(
			this.register(tb, NFTA_RANGE_SREG),
			'Relational expression has no left hand side',
		);
		const op = nla_get_u32(tb, NFTA_RANGE_OP) === NFT_RANGE_NEQ ? OP_NEQ : OP_EQ;
		const right = range_expr_alloc(
			LOC,
			alloc_value(data_bytes(tb, NFTA_RANGE_FROM_DATA)),
			alloc_value(data_bytes(tb, NFTA_RANGE_TO_DATA)),
		);
		return new expr_stmt(LOC, relational_expr_alloc(LOC, op, left, right));
	}

	lookup(tb: nlattrs): stmt | null {
		const set = this.lookup_set(nla_strdup(tb, NFTA_LOOKUP_SET), 'lookup expression');
		const left = this.lookup_key(
			this.register(tb, NFTA_LOOKUP_SREG),
			set,
			'Lookup expression has no left hand side',
		);
		const right = set_ref_expr_alloc(LOC, set);
		let e: expr;
		if (tb.has(NFTA_LOOKUP_DREG)) {
			const dreg = this.register(tb, NFTA_LOOKUP_DREG);
			e = map_expr_alloc(LOC, left, right);
			if (dreg !== NFT_REG_VERDICT) {
				this.set(dreg, e);
				return null;
			}
		} else e = relational_expr_alloc(LOC, OP_EQ, left, right);
		if ((nla_get_u32(tb, NFTA_LOOKUP_FLAGS) ?? 0) & NFT_LOOKUP_F_INV) e.op = OP_NEQ;
		return new expr_stmt(LOC, e);
	}

	bitwise_bool(tb: nlattrs, left: expr): expr {
		const mask = alloc_value(data_bytes(tb, NFTA_BITWISE_MASK));
		const xor = alloc_value(data_bytes(tb, NFTA_BITWISE_XOR));
		let m = mask.value;
		let x = xor.value;
		let o = 0n;
		if (mpz_scan0(m, 0) !== mask.len || x !== 0n) {
			o = (m & x) ^ x;
			x &= m;
			m |= o;
		}
		let e = left;
		const add = (op: number, v: expr, value: bigint): void => {
			v.value = value;
			e = binop_expr_alloc(LOC, op, e, v);
			e.len = left.len;
		};
		if (!(left.len > 0 && mpz_scan0(m, 0) === left.len)) add(OP_AND, mask, m);
		if (x !== 0n) add(OP_XOR, xor, x);
		if (o !== 0n) add(OP_OR, expr_clone(xor), o);
		return e;
	}

	bitwise(tb: nlattrs): null {
		const left = this.get(
			this.register(tb, NFTA_BITWISE_SREG),
			'Bitwise expression has no left hand side',
		);
		const op = nla_get_u32(tb, NFTA_BITWISE_OP) ?? NFT_BITWISE_BOOL;
		let e: expr;
		if (op === NFT_BITWISE_BOOL) e = this.bitwise_bool(tb, left);
		else {
			const right = alloc_value(data_bytes(tb, NFTA_BITWISE_DATA));
			right.byteorder = BYTEORDER_HOST_ENDIAN;
			e = binop_expr_alloc(
				LOC,
				op === NFT_BITWISE_LSHIFT ? OP_LSHIFT : OP_RSHIFT,
				left,
				right,
			);
			e.len = left.len;
		}
		this.set(this.register(tb, NFTA_BITWISE_DREG), e);
		return null;
	}

	byteorder(tb: nlattrs): null {
		const arg = this.get(
			this.register(tb, NFTA_BYTEORDER_SREG),
			'Byteorder expression has no left hand side',
		);
		const op =
			nla_get_u32(tb, NFTA_BYTEORDER_OP) === NFT_BYTEORDER_NTOH
				? OP_NTOH
				: OP_HTON;
		const e = unary_expr_alloc(LOC, op, arg);
		e.len = arg.len;
		this.set(this.register(tb, NFTA_BYTEORDER_DREG), e);
		return null;
	}

	payload(tb: nlattrs): stmt | null {
		const e = payload_expr_alloc(LOC, null, 0);
		payload_init_raw(
			e,
			(nla_get_u32(tb, NFTA_PAYLOAD_BASE) ?? 0) + 1,
			(nla_get_u32(tb, NFTA_PAYLOAD_OFFSET) ?? 0) * 8,
			(nla_get_u32(tb, NFTA_PAYLOAD_LEN) ?? 0) * 8,
		);
		if (tb.has(NFTA_PAYLOAD_DREG)) {
			this.set(this.register(tb, NFTA_PAYLOAD_DREG), e);
			return null;
		}
		const val = this.get(
			this.register(tb, NFTA_PAYLOAD_SREG),
			'payload statement has no expression',
		);
		return new payload_stmt(LOC, e, val);
	}

	meta(tb: nlattrs): stmt | null {
		const key = nla_get_u32(tb, NFTA_META_KEY) ?? 0;
		if (tb.has(NFTA_META_DREG)) {
			this.set(this.register(tb, NFTA_META_DREG), meta_expr_alloc(LOC, key));
			return null;
		}
		const e = this.get(
			this.register(tb, NFTA_META_SREG),
			'meta statement has no expression',
		);
		const s = new meta_stmt(LOC, key, e);
		expr_set_type(e, s.tmpl.dtype, s.tmpl.byteorder);
		return s;
	}

	ct(tb: nlattrs): stmt | null {
		const key = nla_get_u32(tb, NFTA_CT_KEY) ?? 0;
		const dir = nla_get_u8(tb, NFTA_CT_DIRECTION) ?? -1;
		if (tb.has(NFTA_CT_DREG)) {
			this.set(this.register(tb, NFTA_CT_DREG), ct_expr_alloc(LOC, key, dir));
			return null;
		}
		const e = this.get(
			this.register(tb, NFTA_CT_SREG),
			'ct statement has no expression',
		);
		const s = new ct_stmt(LOC, key, dir, e);
		expr_set_type(e, s.tmpl.dtype, s.tmpl.byteorder);
		return s;
	}

	counter(tb: nlattrs): stmt {
		const s = new counter_stmt(LOC);
		s.packets = nla_get_u64(tb, NFTA_COUNTER_PACKETS) ?? 0;
		s.bytes = nla_get_u64(tb, NFTA_COUNTER_BYTES) ?? 0;
		return s;
	}

	limit(tb: nlattrs): stmt {
		const s = new limit_stmt(LOC);
		s.rate = nla_get_u64(tb, NFTA_LIMIT_RATE) ?? 0;
		s.unit = nla_get_u64(tb, NFTA_LIMIT_UNIT) ?? 1;
		s.limit_type = nla_get_u32(tb, NFTA_LIMIT_TYPE) ?? 0;
		s.burst = nla_get_u32(tb, NFTA_LIMIT_BURST) ?? 0;
		s.limit_flags = nla_get_u32(tb, NFTA_LIMIT_FLAGS) ?? 0;
		return s;
	}

	log(tb: nlattrs): stmt {
		const s = new log_stmt(LOC);
		const prefix = nla_strdup(tb, NFTA_LOG_PREFIX);
		if (prefix !== null) {
			s.prefix = string_expr_alloc(LOC, prefix);
			s.has |= STMT_LOG_PREFIX;
		}
		const take = (v: number | null, bit: number): number => {
			if (v !== null) s.has |= bit;
			return v ?? 0;
		};
		s.group = take(nla_get_u16(tb, NFTA_LOG_GROUP), STMT_LOG_GROUP);
		s.snaplen = take(nla_get_u32(tb, NFTA_LOG_SNAPLEN), STMT_LOG_SNAPLEN);
		s.qthreshold = take(nla_get_u16(tb, NFTA_LOG_QTHRESHOLD), STMT_LOG_QTHRESHOLD);
		s.level = take(nla_get_u32(tb, NFTA_LOG_LEVEL), STMT_LOG_LEVEL);
		s.logflags = nla_get_u32(tb, NFTA_LOG_FLAGS) ?? 0;
		return s;
	}

	reject(tb: nlattrs): stmt {
		const s = new reject_stmt(LOC);
		s.reject_type = nla_get_u32(tb, NFTA_REJECT_TYPE) ?? 0;
		s.icmp_code = nla_get_u8(tb, NFTA_REJECT_ICMP_CODE) ?? 0;
		s.expr = constant_expr_alloc(
			LOC,
			integer_type,
			BYTEORDER_HOST_ENDIAN,
			8,
			BigInt(s.icmp_code),
		);
		return s;
	}

	/* ---- nat */

	/* the one register or both as a range */
	port_range(tb: nlattrs, min: number, max: number): expr | null {
		let proto: expr | null = null;
		const reg1 = this.register(tb, min);
		if (reg1) {
			proto = this.get(reg1, 'NAT statement has no proto expression');
			expr_set_type(proto, inet_service_type, BYTEORDER_BIG_ENDIAN);
		}
		const reg2 = this.register(tb, max);
		if (reg2 && reg2 !== reg1) {
			const high = this.get(reg2, 'NAT statement has no proto expression');
			expr_set_type(high, inet_service_type, BYTEORDER_BIG_ENDIAN);
			proto = proto === null ? high : range_expr_alloc(LOC, proto, high);
		}
		return proto;
	}

	nat_ports(tb: nlattrs, type: number, flags: number, min: number, max: number): stmt {
		const s = new nat_stmt(LOC, type);
		s.nat_flags = nla_get_u32(tb, flags) ?? 0;
		s.proto = this.port_range(tb, min, max);
		return s;
	}

	/* a map that holds ranges of addresses */
	nat_addr_map(s: nat_stmt, addr: expr | null, family: number): boolean {
		if (addr === null || addr.etype !== EXPR_MAP || addr.right.etype !== EXPR_SET_REF)
			return false;
		const data = set_of(addr.right).data;
		if (!(data.flags & EXPR_F_INTERVAL)) return false;
		s.family = family;
		const bits = family === NFPROTO_IPV4 ? 32 : 128;
		if (data.len === 2 * bits) s.type_flags |= STMT_NAT_F_INTERVAL;
		else if (data.len === 2 * (bits + 32))
			s.type_flags |= STMT_NAT_F_INTERVAL | STMT_NAT_F_CONCAT;
		else return false;
		return true;
	}

	nat(tb: nlattrs): stmt {
		const s = new nat_stmt(LOC, nla_get_u32(tb, NFTA_NAT_TYPE) ?? 0);
		const family = nla_get_u32(tb, NFTA_NAT_FAMILY) ?? 0;
		const dtype = family === NFPROTO_IPV4 ? ipaddr_type : ip6addr_type;
		if (this.table.handle.family === NFPROTO_INET) s.family = family;
		s.nat_flags = nla_get_u32(tb, NFTA_NAT_FLAGS) ?? 0;
		if (s.nat_flags & NF_NAT_RANGE_NETMAP) s.type_flags |= STMT_NAT_F_PREFIX;

		const get = (reg: number): expr => {
			const e = this.get(reg, 'NAT statement has no address expression');
			expr_set_type(e, dtype, BYTEORDER_BIG_ENDIAN);
			return e;
		};
		const reg1 = this.register(tb, NFTA_NAT_REG_ADDR_MIN);
		if (reg1) s.addr = get(reg1);
		if (this.nat_addr_map(s, s.addr, family)) return s;
		const reg2 = this.register(tb, NFTA_NAT_REG_ADDR_MAX);
		if (reg2 && reg2 !== reg1) {
			const high = get(reg2);
			s.addr =
				s.addr === null
					? high
					: range_expr_to_prefix(range_expr_alloc(LOC, s.addr, high));
		}
		if (
			s.addr !== null &&
			s.addr.etype === EXPR_MAP &&
			s.addr.right.etype === EXPR_SET_REF
		) {
			const bits = family === NFPROTO_IPV4 ? 32 : 128;
			if (set_of(s.addr.right).data.len === bits + 32) {
				s.family = family;
				s.type_flags |= STMT_NAT_F_CONCAT;
				return s;
			}
		}
		s.proto = this.port_range(tb, NFTA_NAT_REG_PROTO_MIN, NFTA_NAT_REG_PROTO_MAX);
		return s;
	}

	/* ---- sets and objects */

	dynset(tb: nlattrs): stmt {
		const set = this.lookup_set(
			nla_strdup(tb, NFTA_DYNSET_SET_NAME),
			'dynset statement',
		);
		const reg = this.register(tb, NFTA_DYNSET_SREG_KEY);
		let key = this.get(reg, 'Dynset statement has no key expression');
		if (key.len < set.key.len) key = this.concat_key(reg, set.key);
		const elem = set_elem_expr_alloc(key.location, key);
		elem.timeout = nla_get_u64(tb, NFTA_DYNSET_TIMEOUT) ?? 0;
		const stmts: stmt[] = [];
		const inner = nla_parse_nested(tb, NFTA_DYNSET_EXPR);
		const dstmt = inner === null ? null : this.parse(inner);
		if (dstmt !== null) stmts.push(dstmt);
		const op = nla_get_u32(tb, NFTA_DYNSET_OP) ?? 0;
		const ref = set_ref_expr_alloc(LOC, set);
		if (!tb.has(NFTA_DYNSET_SREG_DATA))
			return new set_stmt(LOC, op, ref, elem, expr.nil, stmts);
		const dreg = this.register(tb, NFTA_DYNSET_SREG_DATA);
		let data = this.get(dreg, 'Could not parse dynset map data expressions');
		if (data.len < set.data.len) data = this.concat(dreg, set.data.len);
		expr_set_type(data, set.data.dtype, set.data.byteorder);
		return new set_stmt(LOC, op, ref, elem, data, stmts);
	}

	objref(tb: nlattrs): stmt {
		const name = nla_strdup(tb, NFTA_OBJREF_IMM_NAME);
		if (name !== null) {
			// as it lies in a register, like other constants
			const e = alloc_value(new TextEncoder().encode(`${name}\0`));
			e.dtype = string_type;
			e.byteorder = BYTEORDER_HOST_ENDIAN;
			return new objref_stmt(LOC, nla_get_u32(tb, NFTA_OBJREF_IMM_TYPE) ?? 0, e);
		}
		const set = this.lookup_set(
			nla_strdup(tb, NFTA_OBJREF_SET_NAME),
			'objref expression',
		);
		const left = this.lookup_key(
			this.register(tb, NFTA_OBJREF_SET_SREG),
			set,
			'objref expression has no left hand side',
		);
		const e = map_expr_alloc(LOC, left, set_ref_expr_alloc(LOC, set));
		expr_set_type(e, string_type, BYTEORDER_HOST_ENDIAN);
		return new objref_stmt(LOC, set.objtype, e);
	}
}

/* ---- objects of the cache */

function byteorder_of(v: number | null): byteorder {
	if (v === BYTEORDER_HOST_ENDIAN) return BYTEORDER_HOST_ENDIAN;
	return v === BYTEORDER_BIG_ENDIAN ? BYTEORDER_BIG_ENDIAN : BYTEORDER_INVALID;
}

function type_from_kernel(type: number): datatype | null {
	if (type === NFT_DATA_VERDICT) return verdict_type;
	return type & ~TYPE_MASK ? concat_type_alloc(type) : datatype_lookup(type);
}

function s32_constant(v: number): expr {
	return constant_expr_alloc(
		LOC,
		integer_type,
		BYTEORDER_HOST_ENDIAN,
		32,
		BigInt.asUintN(32, BigInt(v)),
	);
}

function device_names(tb: nlattrs, attr: number): string[] {
	return (nla_nested_list(tb, attr) ?? [])
		.map((d) => nla_strdup(d, NFTA_DEVICE_NAME) ?? '')
		.sort();
}

/** A table of a dump. */
export function delinearize_table(m: nfnl_msg): nft_table {
	const t = new nft_table();
	t.handle.family = m.nfgen_family;
	t.handle.table_name = nla_strdup(m.tb, NFTA_TABLE_NAME) ?? '';
	t.handle.handle_id = nla_get_u64(m.tb, NFTA_TABLE_HANDLE) ?? 0;
	t.flags = nla_get_u32(m.tb, NFTA_TABLE_FLAGS) ?? 0;
	t.comment = udata_comment(nla_data(m.tb, NFTA_TABLE_USERDATA));
	return t;
}

/** A chain of a dump. */
export function delinearize_chain(m: nfnl_msg): nft_chain {
	const tb = m.tb;
	const c = new nft_chain(LOC);
	c.handle.family = m.nfgen_family;
	c.handle.table_name = nla_strdup(tb, NFTA_CHAIN_TABLE) ?? '';
	c.handle.chain_name = nla_strdup(tb, NFTA_CHAIN_NAME) ?? '';
	c.handle.handle_id = nla_get_u64(tb, NFTA_CHAIN_HANDLE) ?? 0;
	c.flags = nla_get_u32(tb, NFTA_CHAIN_FLAGS) ?? 0;
	c.comment = udata_comment(nla_data(tb, NFTA_CHAIN_USERDATA));
	const hook = nla_parse_nested(tb, NFTA_CHAIN_HOOK);
	const policy = nla_get_u32(tb, NFTA_CHAIN_POLICY);
	const type = nla_strdup(tb, NFTA_CHAIN_TYPE);
	if (hook === null || policy === null || type === null) return c;
	c.flags |= NFT_CHAIN_BASE;
	c.hook_num = nla_get_u32(hook, NFTA_HOOK_HOOKNUM) ?? 0;
	c.hook_name = hooknum2str(c.handle.family, c.hook_num);
	c.priority = s32_constant(nla_get_s32(hook, NFTA_HOOK_PRIORITY) ?? 0);
	c.type = type;
	c.policy = s32_constant(policy);
	const dev = nla_strdup(hook, NFTA_HOOK_DEV);
	c.devices = dev === null ? device_names(hook, NFTA_HOOK_DEVS) : [dev];
	return c;
}

/** An object of a dump. */
export function delinearize_obj(m: nfnl_msg): nft_obj {
	const tb = m.tb;
	const o = new nft_obj(LOC);
	o.handle.family = m.nfgen_family;
	o.handle.table_name = nla_strdup(tb, NFTA_OBJ_TABLE) ?? '';
	o.handle.obj_name = nla_strdup(tb, NFTA_OBJ_NAME) ?? '';
	o.handle.handle_id = nla_get_u64(tb, NFTA_OBJ_HANDLE) ?? 0;
	o.type = nla_get_u32(tb, NFTA_OBJ_TYPE) ?? 0;
	o.comment = udata_comment(nla_data(tb, NFTA_OBJ_USERDATA));
	const d = nla_parse_nested(tb, NFTA_OBJ_DATA);
	if (d !== null) {
		o.packets = nla_get_u64(d, NFTA_COUNTER_PACKETS) ?? 0;
		o.bytes = nla_get_u64(d, NFTA_COUNTER_BYTES) ?? 0;
	}
	return o;
}

/** A flowtable of a dump. */
export function delinearize_flowtable(m: nfnl_msg): nft_flowtable {
	const tb = m.tb;
	const f = new nft_flowtable(LOC);
	f.handle.family = m.nfgen_family;
	f.handle.table_name = nla_strdup(tb, NFTA_FLOWTABLE_TABLE) ?? '';
	f.handle.ft_name = nla_strdup(tb, NFTA_FLOWTABLE_NAME) ?? '';
	f.handle.handle_id = nla_get_u64(tb, NFTA_FLOWTABLE_HANDLE) ?? 0;
	f.flags = nla_get_u32(tb, NFTA_FLOWTABLE_FLAGS) ?? 0;
	const hook = nla_parse_nested(tb, NFTA_FLOWTABLE_HOOK);
	if (hook !== null) {
		f.hook_num = nla_get_u32(hook, NFTA_FLOWTABLE_HOOK_NUM) ?? 0;
		f.priority = s32_constant(nla_get_s32(hook, NFTA_FLOWTABLE_HOOK_PRIORITY) ?? 0);
		f.devices = device_names(hook, NFTA_FLOWTABLE_HOOK_DEVS);
	}
	return f;
}

/** Delinearizes what refers to other objects of a table. */
export class delinearizer {
	env: delinearize_env;

	constructor(env: delinearize_env) {
		this.env = env;
	}

	error(e: unknown): void {
		if (!(e instanceof parse_error)) throw e;
		this.env.errors.push(new error_record(e.message, LOC));
	}

	/** A rule of a dump. */
	rule(table: nft_table, m: nfnl_msg): nft_rule {
		const tb = m.tb;
		const rule = new nft_rule(LOC);
		rule.handle.family = m.nfgen_family;
		rule.handle.table_name = nla_strdup(tb, NFTA_RULE_TABLE) ?? '';
		rule.handle.chain_name = nla_strdup(tb, NFTA_RULE_CHAIN) ?? '';
		rule.handle.handle_id = nla_get_u64(tb, NFTA_RULE_HANDLE) ?? 0;
		rule.handle.position_id = nla_get_u64(tb, NFTA_RULE_POSITION) ?? 0;
		rule.comment = udata_comment(nla_data(tb, NFTA_RULE_USERDATA));
		const p = new rule_parser(this.env, table);
		for (const e of nla_nested_list(tb, NFTA_RULE_EXPRESSIONS) ?? []) {
			try {
				const s = p.parse(e);
				if (s !== null) rule.stmts.push(s);
			} catch (err) {
				this.error(err);
			}
		}
		new postprocessor(rule).run();
		return rule;
	}

	set_stmts(table: nft_table, e: nlattrs | null): stmt[] {
		if (e === null) return [];
		try {
			const s = new rule_parser(this.env, table).parse(e);
			return s === null ? [] : [s];
		} catch (err) {
			this.error(err);
			return [];
		}
	}

	/** A set of a dump, without elements. Null if its types are not known. */
	set(table: nft_table, m: nfnl_msg): nft_set | null {
		const tb = m.tb;
		const ud = udata_parse(nla_data(tb, NFTA_SET_USERDATA) ?? NONE);
		const keytype = nla_get_u32(tb, NFTA_SET_KEY_TYPE) ?? 0;
		const key_dtype = type_from_kernel(keytype);
		if (key_dtype === null) {
			this.env.errors.push(
				new error_record(`Unknown data type in set key ${keytype}`, LOC),
			);
			return null;
		}
		const set = new nft_set(LOC);
		set.handle.family = m.nfgen_family;
		set.handle.table_name = nla_strdup(tb, NFTA_SET_TABLE) ?? '';
		set.handle.set_name = nla_strdup(tb, NFTA_SET_NAME) ?? '';
		set.handle.handle_id = nla_get_u64(tb, NFTA_SET_HANDLE) ?? 0;
		set.flags = nla_get_u32(tb, NFTA_SET_FLAGS) ?? 0;
		set.automerge = Boolean(udata_u32(ud, NFTNL_UDATA_SET_MERGE_ELEMENTS));
		set.comment = udata_str(ud, NFTNL_UDATA_SET_COMMENT);
		set.stmt_list = this.set_stmts(table, nla_parse_nested(tb, NFTA_SET_EXPR));
		set.objtype = nla_get_u32(tb, NFTA_SET_OBJ_TYPE) ?? 0;
		set.timeout = nla_get_u64(tb, NFTA_SET_TIMEOUT) ?? 0;
		set.gc_int = nla_get_u32(tb, NFTA_SET_GC_INTERVAL) ?? 0;
		set.policy = nla_get_u32(tb, NFTA_SET_POLICY) ?? NFT_SET_POL_PERFORMANCE;
		const desc = nla_parse_nested(tb, NFTA_SET_DESC);
		if (desc !== null) {
			set.desc_size = nla_get_u32(desc, NFTA_SET_DESC_SIZE) ?? 0;
			set.field_len = (nla_nested_list(desc, NFTA_SET_DESC_CONCAT) ?? []).map(
				(f) => nla_get_u32(f, NFTA_SET_FIELD_LEN) ?? 0,
			);
		}

		// an expression stands for a type only if it has the length that the kernel has
		const same_len = (e: expr | null, len: number): e is expr =>
			e !== null && div_round_up(e.len, 8) === len / 8;
		let typeof_key = udata_typeof(ud.get(NFTNL_UDATA_SET_KEY_TYPEOF) ?? null);
		let data_dtype: datatype | null = null;
		if (set_is_datamap(set.flags)) {
			const type = nla_get_u32(tb, NFTA_SET_DATA_TYPE) ?? 0;
			data_dtype = type_from_kernel(type);
			if (data_dtype === null) {
				this.env.errors.push(
					new error_record(
						`Unknown data type in set key ${type}`,
						LOC,
					),
				);
				return null;
			}
		} else if (set_is_objmap(set.flags)) data_dtype = string_type;
		if (data_dtype !== null) {
			const order = byteorder_of(udata_u32(ud, NFTNL_UDATA_SET_DATABYTEORDER));
			const len = (nla_get_u32(tb, NFTA_SET_DATA_LEN) ?? 0) * 8;
			const typeof_data = udata_typeof(
				ud.get(NFTNL_UDATA_SET_DATA_TYPEOF) ?? null,
			);
			if (same_len(typeof_data, len)) set.data = typeof_data;
			else {
				set.data = constant_expr_alloc(
					LOC,
					set_datatype_alloc(data_dtype, order),
					order,
					len,
					0n,
				);
				typeof_key = null;
			}
			if (udata_u32(ud, NFTNL_UDATA_SET_DATA_INTERVAL))
				set.data.flags |= EXPR_F_INTERVAL;
		}
		const order = byteorder_of(udata_u32(ud, NFTNL_UDATA_SET_KEYBYTEORDER));
		const len = (nla_get_u32(tb, NFTA_SET_KEY_LEN) ?? 0) * 8;
		if (same_len(typeof_key, len)) {
			set.key = typeof_key;
			set.key_typeof_valid = true;
		} else
			set.key = constant_expr_alloc(
				LOC,
				set_datatype_alloc(key_dtype, order),
				order,
				len,
				0n,
			);
		return set;
	}

	/* ---- elements */

	concat_part(
		set: nft_set,
		key: expr | null,
		dtype: datatype,
		data: expr,
		off: number,
	): expr {
		const sub = concat_subtype_lookup(dtype.type, off);
		const bits = div_round_up(key === null ? sub.size : key.len, 8) * 8;
		let e = constant_expr_splice(data, bits);
		if (key !== null) {
			e.dtype = key.dtype;
			e.byteorder = key.byteorder;
			e.len = key.len;
		} else {
			e.dtype = sub;
			e.byteorder = sub.byteorder;
		}
		if (
			expr_basetype(e).type === TYPE_STRING ||
			(!(set.flags & NFT_SET_INTERVAL) && e.byteorder === BYTEORDER_HOST_ENDIAN)
		)
			e.value = mpz_switch_byteorder(e.value, div_round_up(e.len, 8));
		if (e.dtype.basetype !== null && e.dtype.basetype.type === TYPE_BITMASK)
			e = bitmask_expr_to_binops(e);
		data.len -= netlink_padded_len(bits) - bits;
		return e;
	}

	concat_key(set: nft_set, data: expr): expr {
		const dtype = set.key.dtype;
		const parts: expr[] = [];
		for (let off = dtype.subtypes; off > 0; off--) {
			const key =
				set.key.etype === EXPR_CONCAT
					? set.key.expressions[dtype.subtypes - off]
					: null;
			parts.push(this.concat_part(set, key, dtype, data, off - 1));
		}
		return compound_expr_alloc(data.location, EXPR_CONCAT, parts);
	}

	concat_data(set: nft_set, data: expr): expr {
		const dtype = set.data.dtype;
		const half = (): expr[] => {
			const parts: expr[] = [];
			for (let off = dtype.subtypes; off > 0; off--)
				parts.push(this.concat_part(set, null, dtype, data, off - 1));
			return parts;
		};
		let parts = half();
		if (set.data.flags & EXPR_F_INTERVAL) {
			const high = half();
			parts = parts.map((l, n) =>
				range_expr_reduce(range_expr_alloc(data.location, l, high[n])),
			);
		}
		return compound_expr_alloc(data.location, EXPR_CONCAT, parts);
	}

	interval_data(set: nft_set, e: expr): expr {
		const dtype = set.data.dtype;
		const len = div_round_up(e.len, 8);
		const data = mpz_export_data(e.value, dtype.byteorder, len);
		const part = (bytes: Uint8Array): expr =>
			constant_expr_alloc(
				internal_location,
				dtype,
				dtype.byteorder,
				(len / 2) * 8,
				mpz_import_data(bytes, dtype.byteorder),
			);
		const range = range_expr_alloc(
			e.location,
			part(data.subarray(0, len / 2)),
			part(data.subarray(len / 2)),
		);
		return range_expr_to_prefix(range);
	}

	elem_key(set: nft_set, bytes: Uint8Array): expr {
		let key = alloc_value(bytes);
		key.dtype = set.key.dtype;
		key.byteorder = set.key.byteorder;
		if (set.key.dtype.subtypes) key = this.concat_key(set, key);
		if (!(set.flags & NFT_SET_INTERVAL) && key.byteorder === BYTEORDER_HOST_ENDIAN)
			key.value = mpz_switch_byteorder(key.value, div_round_up(key.len, 8));
		if (key.dtype.basetype !== null && key.dtype.basetype.type === TYPE_BITMASK)
			key = bitmask_expr_to_binops(key);
		return key;
	}

	elem_data(set: nft_set, tb: nlattrs): expr | null {
		if (set_is_objmap(set.flags)) {
			const name = nla_strdup(tb, NFTA_SET_ELEM_OBJREF);
			return name === null ? null : string_expr_alloc(LOC, name);
		}
		const d = set_is_datamap(set.flags)
			? nla_parse_nested(tb, NFTA_SET_ELEM_DATA)
			: null;
		if (d === null) return null;
		const v = nla_parse_nested(d, NFTA_DATA_VERDICT);
		if (set.data.dtype.type === TYPE_VERDICT)
			return v === null ? null : alloc_verdict(v);
		let data = alloc_value(nla_data(d, NFTA_DATA_VALUE) ?? NONE);
		data.dtype = set.data.dtype;
		data.byteorder = set.data.byteorder;
		if (set.data.dtype.subtypes) data = this.concat_data(set, data);
		else if (set.data.flags & EXPR_F_INTERVAL) data = this.interval_data(set, data);
		if (data.byteorder === BYTEORDER_HOST_ENDIAN)
			data.value = mpz_switch_byteorder(data.value, div_round_up(data.len, 8));
		return data;
	}

	/** One element: one expression, two for an interval of concatenations. */
	elem(table: nft_table, set: nft_set, tb: nlattrs): expr[] {
		let flags = nla_get_u32(tb, NFTA_SET_ELEM_FLAGS) ?? 0;
		const one = (attr: number): expr => {
			const e = set_elem_expr_alloc(
				LOC,
				this.elem_key(set, data_bytes(tb, attr)),
			);
			e.flags |= EXPR_F_KERNEL;
			e.timeout = nla_get_u64(tb, NFTA_SET_ELEM_TIMEOUT) ?? 0;
			e.expiration = nla_get_u64(tb, NFTA_SET_ELEM_EXPIRATION) ?? 0;
			const ud = udata_parse(nla_data(tb, NFTA_SET_ELEM_USERDATA) ?? NONE);
			e.comment = udata_str(ud, NFTNL_UDATA_COMMENT);
			e.elem_flags = udata_u32(ud, NFTNL_UDATA_SET_ELEM_FLAGS) ?? 0;
			e.stmt_list = this.set_stmts(
				table,
				nla_parse_nested(tb, NFTA_SET_ELEM_EXPR),
			);
			if (flags & NFT_SET_ELEM_INTERVAL_END) {
				e.flags |= EXPR_F_INTERVAL_END;
				set.root = true;
			}
			const data = this.elem_data(set, tb);
			if (data === null) return e;
			const m = mapping_expr_alloc(LOC, e, data);
			m.flags |= e.flags & EXPR_F_INTERVAL_END;
			return m;
		};
		const out = [one(NFTA_SET_ELEM_KEY)];
		if (!(flags & NFT_SET_ELEM_INTERVAL_END) && tb.has(NFTA_SET_ELEM_KEY_END)) {
			flags |= NFT_SET_ELEM_INTERVAL_END;
			out.push(one(NFTA_SET_ELEM_KEY_END));
		}
		return out;
	}

	/** Fills a set with elements as the kernel has them: ends are ends. */
	elems(table: nft_table, set: nft_set, list: nlattrs[]): expr {
		const init = set_expr_alloc(internal_location, set);
		for (const tb of list)
			for (const e of this.elem(table, set, tb)) compound_expr_add(init, e);
		set.init = init;
		return init;
	}

	/** Fills a set with elements and puts them in the form and order in which they are listed. */
	set_elems(table: nft_table, set: nft_set, list: nlattrs[]): void {
		const init = this.elems(table, set, list);
		if (set.flags & NFT_SET_INTERVAL && set.field_len.length > 1)
			concat_range_aggregate(init);
		else if (set.flags & NFT_SET_INTERVAL) interval_map_decompose(init);
		else list_expr_sort(init.expressions);
	}
}
