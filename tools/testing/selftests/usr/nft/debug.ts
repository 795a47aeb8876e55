// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, what --debug=netlink prints.
 * Modelled on the snprintf functions of libnftnl: kernel expressions, sets and elements in one line each.
 */

import {
	NF_LOG_IPOPT,
	NF_LOG_MACDECODE,
	NF_LOG_TCPOPT,
	NF_LOG_TCPSEQ,
	NF_LOG_UID,
} from '../../../../../include/uapi/linux/netfilter/nf_log.ts';
import {
	NFTA_BITWISE_DATA,
	NFTA_BITWISE_DREG,
	NFTA_BITWISE_MASK,
	NFTA_BITWISE_OP,
	NFTA_BITWISE_SREG,
	NFTA_BITWISE_XOR,
	NFTA_BYTEORDER_DREG,
	NFTA_BYTEORDER_LEN,
	NFTA_BYTEORDER_OP,
	NFTA_BYTEORDER_SIZE,
	NFTA_BYTEORDER_SREG,
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
	NFTA_FIB_F_DADDR,
	NFTA_FIB_F_IIF,
	NFTA_FIB_F_MARK,
	NFTA_FIB_F_OIF,
	NFTA_FIB_F_PRESENT,
	NFTA_FIB_F_SADDR,
	NFTA_FIB_RESULT,
	NFTA_FLOW_TABLE_NAME,
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
	NFTA_PAYLOAD_BASE,
	NFTA_PAYLOAD_CSUM_FLAGS,
	NFTA_PAYLOAD_CSUM_OFFSET,
	NFTA_PAYLOAD_CSUM_TYPE,
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
	NFTA_SET_DESC,
	NFTA_SET_DESC_SIZE,
	NFTA_SET_ELEM_DATA,
	NFTA_SET_ELEM_FLAGS,
	NFTA_SET_ELEM_KEY,
	NFTA_SET_ELEM_KEY_END,
	NFTA_SET_ELEM_USERDATA,
	NFTA_SET_FLAGS,
	NFTA_SET_NAME,
	NFTA_SET_POLICY,
	NFTA_SET_TABLE,
	NFTA_SET_TIMEOUT,
	NFTA_VERDICT_CHAIN,
	NFTA_VERDICT_CODE,
	NFT_BITWISE_LSHIFT,
	NFT_BITWISE_RSHIFT,
	NFT_BREAK,
	NFT_BYTEORDER_HTON,
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
	NFT_GOTO,
	NFT_JUMP,
	NFT_LIMIT_PKTS,
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
	NFT_NAT_SNAT,
	NFT_NG_RANDOM,
	NFT_RETURN,
} from '../../../../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	type nlattrs,
	nla_data,
	nla_get_s32,
	nla_get_u32,
	nla_get_u64,
	nla_nested_list,
	nla_parse_nested,
	nla_strdup,
} from '../../../../../include/net/netlink.ts';
import { family2str } from './rule.ts';

const meta_names: Readonly<Record<number, string>> = {
	[NFT_META_LEN]: 'len',
	[NFT_META_PROTOCOL]: 'protocol',
	[NFT_META_PRIORITY]: 'priority',
	[NFT_META_MARK]: 'mark',
	[NFT_META_IIF]: 'iif',
	[NFT_META_OIF]: 'oif',
	[NFT_META_IIFNAME]: 'iifname',
	[NFT_META_OIFNAME]: 'oifname',
	[NFT_META_IIFTYPE]: 'iiftype',
	[NFT_META_OIFTYPE]: 'oiftype',
	[NFT_META_SKUID]: 'skuid',
	[NFT_META_SKGID]: 'skgid',
	[NFT_META_NFTRACE]: 'nftrace',
	[NFT_META_NFPROTO]: 'nfproto',
	[NFT_META_L4PROTO]: 'l4proto',
	[NFT_META_BRI_IIFNAME]: 'bri_iifname',
	[NFT_META_BRI_OIFNAME]: 'bri_oifname',
	[NFT_META_PKTTYPE]: 'pkttype',
	[NFT_META_CPU]: 'cpu',
	[NFT_META_IIFGROUP]: 'iifgroup',
	[NFT_META_OIFGROUP]: 'oifgroup',
	[NFT_META_CGROUP]: 'cgroup',
	[NFT_META_PRANDOM]: 'prandom',
	[NFT_META_SECPATH]: 'secpath',
	[NFT_META_IIFKIND]: 'iifkind',
	[NFT_META_OIFKIND]: 'oifkind',
	[NFT_META_BRI_IIFPVID]: 'bri_iifpvid',
	[NFT_META_BRI_IIFVPROTO]: 'bri_iifvproto',
	[NFT_META_TIME_NS]: 'time',
	[NFT_META_TIME_DAY]: 'day',
	[NFT_META_TIME_HOUR]: 'hour',
	[NFT_META_SDIF]: 'sdif',
	[NFT_META_SDIFNAME]: 'sdifname',
};

const ct_names: Readonly<Record<number, string>> = {
	[NFT_CT_STATE]: 'state',
	[NFT_CT_DIRECTION]: 'direction',
	[NFT_CT_STATUS]: 'status',
	[NFT_CT_MARK]: 'mark',
	[NFT_CT_EXPIRATION]: 'expiration',
	[NFT_CT_HELPER]: 'helper',
	[NFT_CT_L3PROTOCOL]: 'l3protocol',
	[NFT_CT_SRC]: 'src',
	[NFT_CT_DST]: 'dst',
	[NFT_CT_PROTOCOL]: 'protocol',
	[NFT_CT_PROTO_SRC]: 'proto_src',
	[NFT_CT_PROTO_DST]: 'proto_dst',
	[NFT_CT_PKTS]: 'packets',
	[NFT_CT_BYTES]: 'bytes',
	[NFT_CT_AVGPKT]: 'avgpkt',
	[NFT_CT_ZONE]: 'zone',
	[NFT_CT_EVENTMASK]: 'event',
	[NFT_CT_SRC_IP]: 'src_ip',
	[NFT_CT_DST_IP]: 'dst_ip',
	[NFT_CT_SRC_IP6]: 'src_ip6',
	[NFT_CT_DST_IP6]: 'dst_ip6',
	[NFT_CT_ID]: 'id',
};

const bases = ['link', 'network', 'transport'];
const cmp_ops = ['eq', 'neq', 'lt', 'lte', 'gt', 'gte'];
const units: Readonly<Record<number, string>> = {
	1: 'second',
	60: 'minute',
	3600: 'hour',
	86400: 'day',
	604800: 'week',
};

function hex(n: number): string {
	return `0x${(n >>> 0).toString(16)}`;
}

function words(bytes: Uint8Array, prefix: string): string {
	let out = '';
	for (let i = 0; i < bytes.length; i += 4) {
		let v = 0;
		for (let k = 3; k >= 0; k--)
			v = v * 256 + (i + k < bytes.length ? bytes[i + k] : 0);
		out += `${prefix}${v.toString(16).padStart(8, '0')} `;
	}
	return out;
}

function verdict(code: number, chain: string | null): string {
	const names: Readonly<Record<number, string>> = {
		0: 'drop',
		1: 'accept',
		2: 'stolen',
		3: 'queue',
		[NFT_CONTINUE]: 'continue',
		[NFT_BREAK]: 'break',
		[NFT_JUMP]: 'jump',
		[NFT_GOTO]: 'goto',
		[NFT_RETURN]: 'return',
	};
	return `${names[code] ?? 'unknown'} ${chain === null ? '' : `-> ${chain} `}`;
}

/* a data attribute */
function data(tb: nlattrs, attr: number, prefix = '0x'): string {
	const d = nla_parse_nested(tb, attr);
	if (d === null) return '';
	const v = nla_parse_nested(d, NFTA_DATA_VERDICT);
	if (v !== null)
		return verdict(
			nla_get_s32(v, NFTA_VERDICT_CODE) ?? 0,
			nla_strdup(v, NFTA_VERDICT_CHAIN),
		);
	return words(nla_data(d, NFTA_DATA_VALUE) ?? new Uint8Array(), prefix);
}

function fib_text(tb: nlattrs): string {
	const flags = nla_get_u32(tb, NFTA_FIB_FLAGS) ?? 0;
	const parts: string[] = [];
	if (flags & NFTA_FIB_F_SADDR) parts.push('saddr');
	if (flags & NFTA_FIB_F_DADDR) parts.push('daddr');
	if (flags & NFTA_FIB_F_MARK) parts.push('mark');
	if (flags & NFTA_FIB_F_IIF) parts.push('iif');
	if (flags & NFTA_FIB_F_OIF) parts.push('oif');
	const result = ['unspec', 'oif', 'oifname', 'type'][nla_get_u32(tb, NFTA_FIB_RESULT) ?? 0];
	const present = flags & NFTA_FIB_F_PRESENT ? ' present' : '';
	return `${parts.join(' . ')} ${result}${present} => reg ${nla_get_u32(tb, NFTA_FIB_DREG)} `;
}

function log_text(tb: nlattrs): string {
	const u = (a: number): number | null => nla_get_u32(tb, a);
	let out = '';
	const prefix = nla_strdup(tb, NFTA_LOG_PREFIX);
	if (prefix !== null) out += `prefix ${prefix} `;
	const group = u(NFTA_LOG_GROUP);
	if (group !== null)
		out += `group ${group} snaplen ${u(NFTA_LOG_SNAPLEN) ?? 0} qthreshold ${u(NFTA_LOG_QTHRESHOLD) ?? 0} `;
	const level = u(NFTA_LOG_LEVEL);
	if (level !== null) out += `level ${level} `;
	const flags = u(NFTA_LOG_FLAGS) ?? 0;
	for (const [f, name] of [
		[NF_LOG_TCPSEQ, 'tcpseq'],
		[NF_LOG_TCPOPT, 'tcpopt'],
		[NF_LOG_IPOPT, 'ipopt'],
		[NF_LOG_UID, 'uid'],
		[NF_LOG_MACDECODE, 'macdecode'],
	] as const)
		if (flags & f) out += `${name} `;
	return out;
}

function expr_text(name: string, tb: nlattrs): string {
	const u = (a: number): number => nla_get_u32(tb, a) ?? 0;
	const has = (a: number): boolean => tb.has(a);
	const reg = (a: number, word: string): string => (has(a) ? `${word} reg ${u(a)} ` : '');
	switch (name) {
		case 'immediate':
			return `reg ${u(NFTA_IMMEDIATE_DREG)} ${data(tb, NFTA_IMMEDIATE_DATA)}`;
		case 'payload': {
			const where = `${u(NFTA_PAYLOAD_LEN)}b @ ${bases[u(NFTA_PAYLOAD_BASE)]} header + ${u(NFTA_PAYLOAD_OFFSET)} `;
			if (!has(NFTA_PAYLOAD_SREG))
				return `load ${where}=> reg ${u(NFTA_PAYLOAD_DREG)} `;
			return `write reg ${u(NFTA_PAYLOAD_SREG)} => ${where}csum_type ${u(NFTA_PAYLOAD_CSUM_TYPE)} csum_off ${u(NFTA_PAYLOAD_CSUM_OFFSET)} csum_flags ${hex(u(NFTA_PAYLOAD_CSUM_FLAGS))} `;
		}
		case 'cmp':
			return `${cmp_ops[u(NFTA_CMP_OP)]} reg ${u(NFTA_CMP_SREG)} ${data(tb, NFTA_CMP_DATA)}`;
		case 'range':
			return `${u(NFTA_RANGE_OP) ? 'neq' : 'eq'} reg ${u(NFTA_RANGE_SREG)} ${data(tb, NFTA_RANGE_FROM_DATA)}${data(tb, NFTA_RANGE_TO_DATA)}`;
		case 'bitwise': {
			const to = `reg ${u(NFTA_BITWISE_DREG)} = ( reg ${u(NFTA_BITWISE_SREG)} `;
			const op = u(NFTA_BITWISE_OP);
			if (op === NFT_BITWISE_LSHIFT || op === NFT_BITWISE_RSHIFT)
				return `${to}${op === NFT_BITWISE_LSHIFT ? '<<' : '>>'} ${data(tb, NFTA_BITWISE_DATA)}) `;
			return `${to}& ${data(tb, NFTA_BITWISE_MASK)}) ^ ${data(tb, NFTA_BITWISE_XOR)}`;
		}
		case 'byteorder':
			return `reg ${u(NFTA_BYTEORDER_DREG)} = ${u(NFTA_BYTEORDER_OP) === NFT_BYTEORDER_HTON ? 'hton' : 'ntoh'}(reg ${u(NFTA_BYTEORDER_SREG)}, ${u(NFTA_BYTEORDER_SIZE)}, ${u(NFTA_BYTEORDER_LEN)}) `;
		case 'lookup':
			return `reg ${u(NFTA_LOOKUP_SREG)} set ${nla_strdup(tb, NFTA_LOOKUP_SET)} ${has(NFTA_LOOKUP_DREG) ? `dreg ${u(NFTA_LOOKUP_DREG)} ` : ''}${has(NFTA_LOOKUP_FLAGS) ? `${hex(u(NFTA_LOOKUP_FLAGS))} ` : ''}`;
		case 'meta':
			if (has(NFTA_META_SREG))
				return `set ${meta_names[u(NFTA_META_KEY)]} with reg ${u(NFTA_META_SREG)} `;
			return `load ${meta_names[u(NFTA_META_KEY)]} => reg ${u(NFTA_META_DREG)} `;
		case 'ct': {
			const key = ct_names[u(NFTA_CT_KEY)];
			const dir = has(NFTA_CT_DIRECTION)
				? `, dir ${u(NFTA_CT_DIRECTION) ? 'reply' : 'original'} `
				: '';
			if (has(NFTA_CT_SREG))
				return `set ${key} with reg ${u(NFTA_CT_SREG)} ${dir}`;
			return `load ${key} => reg ${u(NFTA_CT_DREG)} ${dir}`;
		}
		case 'counter':
			return `pkts ${nla_get_u64(tb, NFTA_COUNTER_PACKETS) ?? 0} bytes ${nla_get_u64(tb, NFTA_COUNTER_BYTES) ?? 0} `;
		case 'limit':
			return `rate ${nla_get_u64(tb, NFTA_LIMIT_RATE) ?? 0}/${units[nla_get_u64(tb, NFTA_LIMIT_UNIT) ?? 1]} burst ${u(NFTA_LIMIT_BURST)} type ${u(NFTA_LIMIT_TYPE) === NFT_LIMIT_PKTS ? 'packets' : 'bytes'} flags ${hex(u(NFTA_LIMIT_FLAGS))} `;
		case 'log':
			return log_text(tb);
		case 'reject':
			return `type ${u(NFTA_REJECT_TYPE)} code ${u(NFTA_REJECT_ICMP_CODE)} `;
		case 'nat':
			return `${u(NFTA_NAT_TYPE) === NFT_NAT_SNAT ? 'snat' : 'dnat'} ${family2str(u(NFTA_NAT_FAMILY))} ${reg(NFTA_NAT_REG_ADDR_MIN, 'addr_min')}${reg(NFTA_NAT_REG_ADDR_MAX, 'addr_max')}${reg(NFTA_NAT_REG_PROTO_MIN, 'proto_min')}${reg(NFTA_NAT_REG_PROTO_MAX, 'proto_max')}${has(NFTA_NAT_FLAGS) ? `flags ${hex(u(NFTA_NAT_FLAGS))} ` : ''}`;
		case 'masq':
			return `${reg(NFTA_MASQ_REG_PROTO_MIN, 'proto_min')}${reg(NFTA_MASQ_REG_PROTO_MAX, 'proto_max')}${has(NFTA_MASQ_FLAGS) ? `flags ${hex(u(NFTA_MASQ_FLAGS))} ` : ''}`;
		case 'redir':
			return `${reg(NFTA_REDIR_REG_PROTO_MIN, 'proto_min')}${reg(NFTA_REDIR_REG_PROTO_MAX, 'proto_max')}${has(NFTA_REDIR_FLAGS) ? `flags ${hex(u(NFTA_REDIR_FLAGS))} ` : ''}`;
		case 'objref':
			if (has(NFTA_OBJREF_SET_SREG))
				return `sreg ${u(NFTA_OBJREF_SET_SREG)} set ${nla_strdup(tb, NFTA_OBJREF_SET_NAME)} `;
			return `type ${u(NFTA_OBJREF_IMM_TYPE)} name ${nla_strdup(tb, NFTA_OBJREF_IMM_NAME)} `;
		case 'dynset': {
			const op = ['add', 'update', 'delete'][u(NFTA_DYNSET_OP)];
			const timeout = nla_get_u64(tb, NFTA_DYNSET_TIMEOUT) ?? 0;
			const inner = nla_parse_nested(tb, NFTA_DYNSET_EXPR);
			return `${op} reg_key ${u(NFTA_DYNSET_SREG_KEY)} set ${nla_strdup(tb, NFTA_DYNSET_SET_NAME)} ${has(NFTA_DYNSET_SREG_DATA) ? `sreg_data ${u(NFTA_DYNSET_SREG_DATA)} ` : ''}${timeout ? `timeout ${timeout}ms ` : ''}${inner === null ? '' : `expr ${kernel_expr_text(inner)}`}`;
		}
		case 'numgen':
			return `reg ${u(NFTA_NG_DREG)} = ${u(NFTA_NG_TYPE) === NFT_NG_RANDOM ? 'random' : 'inc'} mod ${u(NFTA_NG_MODULUS)} ${u(NFTA_NG_OFFSET) ? `offset ${u(NFTA_NG_OFFSET)} ` : ''}`;
		case 'fib':
			return fib_text(tb);
		case 'flow_offload':
			return `flowtable ${nla_strdup(tb, NFTA_FLOW_TABLE_NAME)} `;
		default:
			return '';
	}
}

/** One expression in brackets. */
export function kernel_expr_text(e: nlattrs): string {
	const name = nla_strdup(e, NFTA_EXPR_NAME) ?? '';
	return `[ ${name} ${expr_text(name, nla_parse_nested(e, NFTA_EXPR_DATA) ?? new Map<number, never>())}] `;
}

/* what user land left with a rule or an element */
function userdata_text(ud: Uint8Array | null): string {
	if (ud === null || ud.length === 0) return '';
	const text = Array.from(ud, (b) =>
		b >= 0x20 && b < 0x7f
			? String.fromCharCode(b)
			: `\\x${b.toString(16).padStart(2, '0')}`,
	).join('');
	return `  userdata = { ${text} }`;
}

/** A rule: where it is, its expressions, one a line. */
export function kernel_rule_text(family: number, tb: nlattrs): string {
	const where = [
		family2str(family),
		nla_strdup(tb, NFTA_RULE_TABLE),
		nla_strdup(tb, NFTA_RULE_CHAIN),
		nla_get_u64(tb, NFTA_RULE_HANDLE),
		nla_get_u64(tb, NFTA_RULE_POSITION),
	];
	const exprs = nla_nested_list(tb, NFTA_RULE_EXPRESSIONS) ?? [];
	const lines = exprs.map((e) => `  ${kernel_expr_text(e).trimEnd()}\n`).join('');
	const head = where.filter((w) => w !== null).join(' ');
	return `${head}\n${lines}${userdata_text(nla_data(tb, NFTA_RULE_USERDATA))}\n`;
}

/** One set. */
export function kernel_set_text(tb: nlattrs): string {
	let out = `${nla_strdup(tb, NFTA_SET_NAME)} ${nla_strdup(tb, NFTA_SET_TABLE)} ${(nla_get_u32(tb, NFTA_SET_FLAGS) ?? 0).toString(16)}`;
	const timeout = nla_get_u64(tb, NFTA_SET_TIMEOUT);
	if (timeout !== null) out += ` timeout ${timeout}ms`;
	const policy = nla_get_u32(tb, NFTA_SET_POLICY);
	if (policy !== null) out += ` policy ${policy}`;
	const desc = nla_parse_nested(tb, NFTA_SET_DESC);
	const size = desc === null ? null : nla_get_u32(desc, NFTA_SET_DESC_SIZE);
	if (size !== null) out += ` size ${size}`;
	return `${out}\n`;
}

/** One element. */
export function kernel_elem_text(tb: nlattrs): string {
	let out = `\telement ${data(tb, NFTA_SET_ELEM_KEY, '')}`;
	if (tb.has(NFTA_SET_ELEM_KEY_END)) out += ` - ${data(tb, NFTA_SET_ELEM_KEY_END, '')}`;
	out += ` : ${data(tb, NFTA_SET_ELEM_DATA, '')}${nla_get_u32(tb, NFTA_SET_ELEM_FLAGS) ?? 0} [end]`;
	return `${out}${userdata_text(nla_data(tb, NFTA_SET_ELEM_USERDATA))}`;
}
