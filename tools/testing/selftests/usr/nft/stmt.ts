// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, statements.
 * Modelled on statement.c of nftables 1.0.6.
 * Not here: meter, quota, connlimit, queue, dup, fwd, tproxy, synproxy and the statements of
 * extension headers.
 */

import {
	NF_LOG_IPOPT,
	NF_LOG_MACDECODE,
	NF_LOG_MASK,
	NF_LOG_TCPOPT,
	NF_LOG_TCPSEQ,
	NF_LOG_UID,
} from '../../../../../include/uapi/linux/netfilter/nf_log.ts';
import {
	NF_NAT_RANGE_PERSISTENT,
	NF_NAT_RANGE_PROTO_RANDOM,
	NF_NAT_RANGE_PROTO_RANDOM_FULLY,
} from '../../../../../include/uapi/linux/netfilter/nf_nat.ts';
import {
	NFT_DYNSET_OP_ADD,
	NFT_DYNSET_OP_UPDATE,
	NFT_JUMP,
	NFT_LIMIT_F_INV,
	NFT_LIMIT_PKTS,
	NFT_LOGLEVEL_WARNING,
	NFT_NAT_DNAT,
	NFT_NAT_SNAT,
	NFT_OBJECT_COUNTER,
	NFT_REJECT_ICMPX_PORT_UNREACH,
	NFT_REJECT_ICMPX_UNREACH,
	NFT_REJECT_ICMP_UNREACH,
	NFT_REJECT_TCP_RST,
} from '../../../../../include/uapi/linux/netfilter/nf_tables.ts';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../../../include/uapi/linux/netfilter.ts';
import {
	NFT_CTX_OUTPUT_HANDLE,
	NFT_CTX_OUTPUT_STATELESS,
	TYPE_IP6ADDR,
	type output_ctx,
} from './datatype.ts';
import type { location } from './erec.ts';
import {
	EXPR_RANGE,
	EXPR_VALUE,
	ct_print,
	ct_templates,
	expr,
	expr_print,
	expr_to_string,
	type key_template,
	meta_key_is_unqualified,
	meta_templates,
} from './expr.ts';
import type { nft_chain } from './rule.ts';

export const STMT_F_TERMINAL = 0x1;
export const STMT_F_STATEFUL = 0x2;

export const STMT_NAT_F_INTERVAL = 1 << 0;
export const STMT_NAT_F_PREFIX = 1 << 1;
export const STMT_NAT_F_CONCAT = 1 << 2;

export const NFT_NAT_MASQ = 2;
export const NFT_NAT_REDIR = 3;

export const STMT_LOG_PREFIX = 1 << 0;
export const STMT_LOG_SNAPLEN = 1 << 1;
export const STMT_LOG_GROUP = 1 << 2;
export const STMT_LOG_QTHRESHOLD = 1 << 3;
export const STMT_LOG_LEVEL = 1 << 4;

export const ICMP_PORT_UNREACH = 3;
export const ICMP6_DST_UNREACH_NOPORT = 4;

abstract class stmt_base {
	location: location;
	flags = 0;

	constructor(loc: location) {
		this.location = loc;
	}

	abstract print(octx: output_ctx): string;
}

/** A match: a relation that must hold. */
export class expr_stmt extends stmt_base {
	readonly type = 'expression';
	readonly name = 'expression';
	expr: expr;

	constructor(loc: location, e: expr) {
		super(loc);
		this.expr = e;
	}

	override print(octx: output_ctx): string {
		return expr_print(this.expr, octx);
	}
}

/** A verdict or a verdict map. */
export class verdict_stmt extends stmt_base {
	readonly type = 'verdict';
	readonly name = 'verdict';
	expr: expr;

	constructor(loc: location, e: expr) {
		super(loc);
		this.expr = e;
	}

	override print(octx: output_ctx): string {
		return expr_print(this.expr, octx);
	}
}

/** A jump to a chain that stands in braces. */
export class chain_stmt extends stmt_base {
	readonly type = 'chain';
	readonly name = 'chain';
	chain: nft_chain;
	expr: expr;

	constructor(loc: location, chain: nft_chain, e: expr) {
		super(loc);
		this.chain = chain;
		this.expr = e;
	}

	override print(octx: output_ctx): string {
		const inner: output_ctx = { ...octx, flags: octx.flags & ~NFT_CTX_OUTPUT_HANDLE };
		let out = `${this.expr.verdict === NFT_JUMP ? 'jump' : 'goto'} {\n`;
		for (const r of this.chain.rules) out += `\t\t\t${r.print(inner)}\n`;
		return `${out}\t\t}`;
	}
}

/** Writes a field of the packet. */
export class payload_stmt extends stmt_base {
	readonly type = 'payload';
	readonly name = 'payload';
	expr: expr;
	val: expr;

	constructor(loc: location, e: expr, val: expr) {
		super(loc);
		this.expr = e;
		this.val = val;
	}

	override print(octx: output_ctx): string {
		return `${expr_print(this.expr, octx)} set ${expr_print(this.val, octx)}`;
	}
}

/** Sets meta data. */
export class meta_stmt extends stmt_base {
	readonly type = 'meta';
	readonly name = 'meta';
	key: number;
	tmpl: key_template;
	expr: expr;

	constructor(loc: location, key: number, e: expr) {
		super(loc);
		this.key = key;
		this.tmpl = meta_templates[key];
		this.expr = e;
	}

	override print(octx: output_ctx): string {
		const q = meta_key_is_unqualified(this.key) ? '' : 'meta ';
		return `${q}${this.tmpl.token} set ${expr_print(this.expr, octx)}`;
	}
}

/** Sets connection tracking data. */
export class ct_stmt extends stmt_base {
	readonly type = 'ct';
	readonly name = 'ct';
	key: number;
	tmpl: key_template;
	direction: number;
	expr: expr;

	constructor(loc: location, key: number, direction: number, e: expr) {
		super(loc);
		this.key = key;
		this.tmpl = ct_templates[key];
		this.direction = direction;
		this.expr = e;
	}

	override print(octx: output_ctx): string {
		return `${ct_print(this.key, this.direction, 0)} set ${expr_print(this.expr, octx)}`;
	}
}

export class counter_stmt extends stmt_base {
	readonly type = 'counter';
	readonly name = 'counter';
	packets = 0;
	bytes = 0;

	constructor(loc: location) {
		super(loc);
		this.flags = STMT_F_STATEFUL;
	}

	override print(octx: output_ctx): string {
		if (octx.flags & NFT_CTX_OUTPUT_STATELESS) return 'counter';
		return `counter packets ${this.packets} bytes ${this.bytes}`;
	}
}

const rate_units: Readonly<Record<number, string>> = {
	1: 'second',
	60: 'minute',
	3600: 'hour',
	86400: 'day',
	604800: 'week',
};

function get_rate(bytes: number): string {
	const units = ['bytes', 'kbytes', 'mbytes'];
	let i = 0;
	if (bytes === 0) return '0 bytes';
	while (i < 2 && bytes % 1024 === 0) {
		bytes /= 1024;
		i++;
	}
	return `${bytes} ${units[i]}`;
}

/** Body of a rate limit as rules and limit statements print it. */
export class limit_stmt extends stmt_base {
	readonly type = 'limit';
	readonly name = 'limit';
	rate = 0;
	/** seconds */
	unit = 1;
	limit_type: number = NFT_LIMIT_PKTS;
	burst = 0;
	limit_flags = 0;

	constructor(loc: location) {
		super(loc);
		this.flags = STMT_F_STATEFUL;
	}

	override print(): string {
		const over = this.limit_flags & NFT_LIMIT_F_INV ? 'over ' : '';
		const unit = rate_units[this.unit] ?? 'error';
		if (this.limit_type === NFT_LIMIT_PKTS) {
			const burst =
				this.burst && this.burst !== 5
					? ` burst ${this.burst} packets`
					: '';
			return `limit rate ${over}${this.rate}/${unit}${burst}`;
		}
		const burst = this.burst ? ` burst ${get_rate(this.burst)}` : '';
		return `limit rate ${over}${get_rate(this.rate)}/${unit}${burst}`;
	}
}

/** Refers to a stateful object by name or by map. */
export class objref_stmt extends stmt_base {
	readonly type = 'objref';
	readonly name = 'objref';
	obj_type: number;
	expr: expr;

	constructor(loc: location, obj_type: number, e: expr) {
		super(loc);
		this.obj_type = obj_type;
		this.expr = e;
	}

	override print(octx: output_ctx): string {
		return `${objref_type_name(this.obj_type)} name ${expr_print(this.expr, octx)}`;
	}
}

/** Word for a kind of object. */
export function objref_type_name(type: number): string {
	return type === NFT_OBJECT_COUNTER ? 'counter' : 'unknown';
}

export const syslog_level = [
	'emerg',
	'alert',
	'crit',
	'err',
	'warn',
	'notice',
	'info',
	'debug',
	'audit',
];

export class log_stmt extends stmt_base {
	readonly type = 'log';
	readonly name = 'log';
	/** a constant, or a list of constants and variables */
	prefix: expr = expr.nil;
	group = 0;
	snaplen = 0;
	qthreshold = 0;
	level = 0;
	logflags = 0;
	/** STMT_LOG_*: what was given */
	has = 0;

	override print(): string {
		let out = 'log';
		if (this.has & STMT_LOG_PREFIX) out += ` prefix "${expr_to_string(this.prefix)}"`;
		if (this.has & STMT_LOG_GROUP) out += ` group ${this.group}`;
		if (this.has & STMT_LOG_SNAPLEN) out += ` snaplen ${this.snaplen}`;
		if (this.has & STMT_LOG_QTHRESHOLD) out += ` queue-threshold ${this.qthreshold}`;
		if (this.has & STMT_LOG_LEVEL && this.level !== NFT_LOGLEVEL_WARNING)
			out += ` level ${syslog_level[this.level] ?? 'unknown'}`;
		if ((this.logflags & NF_LOG_MASK) === NF_LOG_MASK) return `${out} flags all`;
		if (this.logflags & (NF_LOG_TCPSEQ | NF_LOG_TCPOPT)) {
			const words: string[] = [];
			if (this.logflags & NF_LOG_TCPSEQ) words.push('sequence');
			if (this.logflags & NF_LOG_TCPOPT) words.push('options');
			out += ` flags tcp ${words.join(',')}`;
		}
		if (this.logflags & NF_LOG_IPOPT) out += ' flags ip options';
		if (this.logflags & NF_LOG_UID) out += ' flags skuid';
		if (this.logflags & NF_LOG_MACDECODE) out += ' flags ether';
		return out;
	}
}

export class reject_stmt extends stmt_base {
	readonly type = 'reject';
	readonly name = 'reject';
	reject_type = -1;
	family = 0;
	/** -1: not given */
	icmp_code = -1;
	verbose = false;
	expr: expr = expr.nil;

	override print(octx: output_ctx): string {
		const code = (): string => expr_print(this.expr, octx);
		switch (this.reject_type) {
			case NFT_REJECT_TCP_RST:
				return 'reject with tcp reset';
			case NFT_REJECT_ICMPX_UNREACH:
				if (this.icmp_code === NFT_REJECT_ICMPX_PORT_UNREACH)
					return 'reject';
				return `reject with icmpx ${code()}`;
			case NFT_REJECT_ICMP_UNREACH:
				if (this.family === NFPROTO_IPV4) {
					if (!this.verbose && this.icmp_code === ICMP_PORT_UNREACH)
						return 'reject';
					return `reject with icmp ${code()}`;
				}
				if (this.family === NFPROTO_IPV6) {
					if (
						!this.verbose &&
						this.icmp_code === ICMP6_DST_UNREACH_NOPORT
					)
						return 'reject';
					return `reject with icmpv6 ${code()}`;
				}
				return 'reject';
			default:
				return 'reject';
		}
	}
}

export class nat_stmt extends stmt_base {
	readonly type = 'nat';
	readonly name = 'nat';
	nat_type: number;
	family = 0;
	nat_flags = 0;
	type_flags = 0;
	addr: expr | null = null;
	proto: expr | null = null;

	constructor(loc: location, nat_type: number) {
		super(loc);
		this.nat_type = nat_type;
	}

	override print(octx: output_ctx): string {
		let out =
			this.nat_type === NFT_NAT_SNAT
				? 'snat'
				: this.nat_type === NFT_NAT_DNAT
					? 'dnat'
					: this.nat_type === NFT_NAT_MASQ
						? 'masquerade'
						: 'redirect';
		if (this.addr !== null || this.proto !== null) {
			if (this.family === NFPROTO_IPV4) out += ' ip';
			else if (this.family === NFPROTO_IPV6) out += ' ip6';
			if (this.type_flags & STMT_NAT_F_PREFIX) out += ' prefix';
			out += ' to';
		}
		const a = this.addr;
		if (a !== null) {
			if (
				this.proto !== null &&
				a.etype === EXPR_VALUE &&
				a.dtype.type === TYPE_IP6ADDR
			)
				out += ` [${expr_print(a, octx)}]`;
			else if (
				this.proto !== null &&
				a.etype === EXPR_RANGE &&
				a.left.dtype.type === TYPE_IP6ADDR
			)
				out += ` [${expr_print(a.left, octx)}]-[${expr_print(a.right, octx)}]`;
			else out += ` ${expr_print(a, octx)}`;
		}
		if (this.proto !== null)
			out += `${a === null ? ' ' : ''}:${expr_print(this.proto, octx)}`;
		const words: string[] = [];
		if (this.nat_flags & NF_NAT_RANGE_PROTO_RANDOM) words.push('random');
		if (this.nat_flags & NF_NAT_RANGE_PROTO_RANDOM_FULLY) words.push('fully-random');
		if (this.nat_flags & NF_NAT_RANGE_PERSISTENT) words.push('persistent');
		return words.length ? `${out} ${words.join(',')}` : out;
	}
}

export class notrack_stmt extends stmt_base {
	readonly type = 'notrack';
	readonly name = 'notrack';

	override print(): string {
		return 'notrack';
	}
}

export class flow_offload_stmt extends stmt_base {
	readonly type = 'flow_offload';
	readonly name = 'flow_offload';
	table_name: string;

	constructor(loc: location, table_name: string) {
		super(loc);
		this.table_name = table_name;
	}

	override print(): string {
		return `flow add @${this.table_name}`;
	}
}

function dynset_op(op: number): string {
	return op === NFT_DYNSET_OP_ADD ? 'add' : op === NFT_DYNSET_OP_UPDATE ? 'update' : 'delete';
}

/** Adds, updates or deletes an element of a set, or with data of a map. */
export class set_stmt extends stmt_base {
	readonly type = 'set';
	op: number;
	set: expr;
	key: expr;
	/** expr.nil for a set */
	data: expr;
	stmt_list: stmt[];

	constructor(
		loc: location,
		op: number,
		set: expr,
		key: expr,
		data: expr,
		stmt_list: stmt[],
	) {
		super(loc);
		this.op = op;
		this.set = set;
		this.key = key;
		this.data = data;
		this.stmt_list = stmt_list;
	}

	get name(): string {
		return this.data === expr.nil ? 'set' : 'map';
	}

	override print(octx: output_ctx): string {
		const inner: output_ctx = { ...octx, flags: octx.flags | NFT_CTX_OUTPUT_STATELESS };
		let out = `${dynset_op(this.op)} ${expr_print(this.set, octx)} { ${expr_print(this.key, octx)}`;
		for (const s of this.stmt_list) out += ` ${s.print(inner)}`;
		if (this.data !== expr.nil) out += ` : ${expr_print(this.data, octx)}`;
		return `${out} }`;
	}
}

export type stmt =
	| expr_stmt
	| verdict_stmt
	| chain_stmt
	| payload_stmt
	| meta_stmt
	| ct_stmt
	| counter_stmt
	| limit_stmt
	| objref_stmt
	| log_stmt
	| reject_stmt
	| nat_stmt
	| notrack_stmt
	| flow_offload_stmt
	| set_stmt;
