// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, tables, chains, rules, sets, objects, flowtables and commands, and how
 * they are listed.
 * Modelled on rule.c of nftables 1.0.6.
 * Not here: objects other than counters; listing of hooks.
 */

import {
	NFPROTO_ARP,
	NFPROTO_BRIDGE,
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
	NFPROTO_NETDEV,
	NF_ACCEPT,
	NF_DROP,
	NF_INET_FORWARD,
	NF_INET_INGRESS,
	NF_INET_LOCAL_IN,
	NF_INET_LOCAL_OUT,
	NF_INET_POST_ROUTING,
	NF_INET_PRE_ROUTING,
	NF_NETDEV_INGRESS,
} from '../../../../../include/uapi/linux/netfilter.ts';
import {
	NFT_CHAIN_BASE,
	NFT_CHAIN_BINDING,
	NFT_CHAIN_HW_OFFLOAD,
	NFT_FLOWTABLE_COUNTER,
	NFT_FLOWTABLE_HW_OFFLOAD,
	NFT_OBJECT_COUNTER,
	NFT_SET_ANONYMOUS,
	NFT_SET_CONSTANT,
	NFT_SET_EVAL,
	NFT_SET_INTERVAL,
	NFT_SET_MAP,
	NFT_SET_OBJECT,
	NFT_SET_POL_MEMORY,
	NFT_SET_POL_PERFORMANCE,
	NFT_SET_TIMEOUT,
	NFT_TABLE_F_DORMANT,
} from '../../../../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	NFT_CTX_OUTPUT_HANDLE,
	NFT_CTX_OUTPUT_NUMERIC_PRIO,
	NFT_CTX_OUTPUT_STATELESS,
	NFT_CTX_OUTPUT_TERSE,
	TYPE_VERDICT,
	type output_ctx,
	time_print,
} from './datatype.ts';
import { type location, internal_location } from './erec.ts';
import { EXPR_F_INTERVAL, expr, expr_print } from './expr.ts';
import { misspell_of } from './misspell.ts';
import { objref_type_name, type stmt } from './stmt.ts';

/** NF_NETDEV_EGRESS: the tool knows it, kernels before 5.16 do not. */
export const NF_NETDEV_EGRESS = 1;
/** No such hook. */
export const NF_INET_NOHOOK = 5;

/** What a command or object is about, with the places in the input. 0 and '': not given. */
export class handle {
	family = 0;
	table_name = '';
	table_loc: location = internal_location;
	chain_name = '';
	chain_loc: location = internal_location;
	set_name = '';
	set_loc: location = internal_location;
	obj_name = '';
	obj_loc: location = internal_location;
	ft_name = '';
	ft_loc: location = internal_location;
	handle_id = 0;
	handle_loc: location = internal_location;
	position_id = 0;
	position_loc: location = internal_location;
	/** from 1 */
	index_id = 0;
	index_loc: location = internal_location;
	set_id = 0;
	chain_id = 0;
	rule_id = 0;
	rule_position_id = 0;

	/** Takes over what `src` knows and this does not. */
	merge(src: handle): void {
		if (this.family === 0) this.family = src.family;
		if (this.table_name === '' && src.table_name !== '') {
			this.table_name = src.table_name;
			this.table_loc = src.table_loc;
		}
		if (this.chain_name === '' && src.chain_name !== '') {
			this.chain_name = src.chain_name;
			this.chain_loc = src.chain_loc;
		}
		if (this.set_name === '' && src.set_name !== '') {
			this.set_name = src.set_name;
			this.set_loc = src.set_loc;
		}
		if (this.ft_name === '' && src.ft_name !== '') {
			this.ft_name = src.ft_name;
			this.ft_loc = src.ft_loc;
		}
		if (this.obj_name === '' && src.obj_name !== '') {
			this.obj_name = src.obj_name;
			this.obj_loc = src.obj_loc;
		}
		if (this.handle_id === 0) {
			this.handle_id = src.handle_id;
			this.handle_loc = src.handle_loc;
		}
		if (this.position_id === 0) {
			this.position_id = src.position_id;
			this.position_loc = src.position_loc;
		}
		if (this.index_id === 0) {
			this.index_id = src.index_id;
			this.index_loc = src.index_loc;
		}
		if (this.set_id === 0) this.set_id = src.set_id;
		if (this.chain_id === 0) this.chain_id = src.chain_id;
	}

	/** A copy. */
	clone(): handle {
		return Object.assign(new handle(), this);
	}
}

/** A set or map. */
export class nft_set {
	location: location;
	handle = new handle();
	flags = 0;
	key: expr = expr.nil;
	/** expr.nil for a set */
	data: expr = expr.nil;
	init: expr | null = null;
	objtype = 0;
	/** ms */
	timeout = 0;
	/** ms */
	gc_int = 0;
	policy: number = NFT_SET_POL_PERFORMANCE;
	/** maximum, 0: none */
	desc_size = 0;
	field_len: number[] = [];
	automerge = false;
	comment: string | null = null;
	key_typeof_valid = false;
	stmt_list: stmt[] = [];
	/** what the kernel has under this name */
	existing_set: nft_set | null = null;
	/** the kernel has the first end of an interval */
	root = false;

	constructor(loc: location) {
		this.location = loc;
	}
}

export const set_is_datamap = (flags: number): boolean => (flags & NFT_SET_MAP) !== 0;
export const set_is_objmap = (flags: number): boolean => (flags & NFT_SET_OBJECT) !== 0;
export const set_is_map = (flags: number): boolean =>
	(flags & (NFT_SET_MAP | NFT_SET_OBJECT)) !== 0;
export const set_is_anonymous = (flags: number): boolean => (flags & NFT_SET_ANONYMOUS) !== 0;
export const set_is_interval = (flags: number): boolean => (flags & NFT_SET_INTERVAL) !== 0;
export const set_is_literal = (flags: number): boolean =>
	!set_is_anonymous(flags) && !set_is_map(flags);
export const map_is_literal = (flags: number): boolean =>
	!set_is_anonymous(flags) && set_is_map(flags);
export const set_is_meter = (flags: number): boolean =>
	set_is_anonymous(flags) && (flags & NFT_SET_EVAL) !== 0;
export const set_is_non_concat_range = (s: nft_set): boolean =>
	set_is_interval(s.flags) && s.field_len.length <= 1;

/** A rule. */
export class nft_rule {
	location: location;
	handle = new handle();
	stmts: stmt[] = [];
	comment: string | null = null;

	constructor(loc: location) {
		this.location = loc;
	}

	/** The statements on one line. */
	print(octx: output_ctx): string {
		let out = this.stmts.map((s) => s.print(octx)).join(' ');
		if (this.comment !== null) out += ` comment "${this.comment}"`;
		if (octx.flags & NFT_CTX_OUTPUT_HANDLE) out += ` # handle ${this.handle.handle_id}`;
		return out;
	}
}

/** A chain. */
export class nft_chain {
	location: location;
	handle = new handle();
	flags = 0;
	rules: nft_rule[] = [];
	comment: string | null = null;
	/** place of the hook specification */
	loc: location = internal_location;
	type = '';
	type_loc: location = internal_location;
	hook_name = '';
	hook_num = 0;
	hook_loc: location = internal_location;
	priority: expr = expr.nil;
	priority_loc: location = internal_location;
	policy: expr | null = null;
	dev_expr: expr | null = null;
	devices: string[] = [];

	constructor(loc: location) {
		this.location = loc;
	}
}

/** A stateful object. */
export class nft_obj {
	location: location;
	handle = new handle();
	type: number = NFT_OBJECT_COUNTER;
	comment: string | null = null;
	packets = 0;
	bytes = 0;

	constructor(loc: location) {
		this.location = loc;
	}
}

/** A flowtable. */
export class nft_flowtable {
	location: location;
	handle = new handle();
	hook_name = '';
	hook_num = 0;
	hook_loc: location = internal_location;
	priority: expr = expr.nil;
	priority_loc: location = internal_location;
	dev_expr: expr | null = null;
	devices: string[] = [];
	flags = 0;

	constructor(loc: location) {
		this.location = loc;
	}
}

/** What a table holds. */
export class table_items {
	chains: nft_chain[] = [];
	sets: nft_set[] = [];
	objs: nft_obj[] = [];
	flowtables: nft_flowtable[] = [];
}

/** A table: what a command declares in it, and what the cache knows to be there. */
export class nft_table {
	location: location = internal_location;
	handle = new handle();
	flags = 0;
	comment: string | null = null;
	/** of the block behind the name */
	decl = new table_items();
	cache = new table_items();
	/** chains that belong to a statement */
	chain_bindings: nft_chain[] = [];

	chain(name: string): nft_chain | null {
		return this.cache.chains.find((c) => c.handle.chain_name === name) ?? null;
	}

	set(name: string): nft_set | null {
		return this.cache.sets.find((s) => s.handle.set_name === name) ?? null;
	}

	obj(name: string, type: number): nft_obj | null {
		return (
			this.cache.objs.find(
				(o) => o.handle.obj_name === name && o.type === type,
			) ?? null
		);
	}

	flowtable(name: string): nft_flowtable | null {
		return this.cache.flowtables.find((f) => f.handle.ft_name === name) ?? null;
	}
}

/** Something whose name is near to what the user wrote. */
export interface near_miss<T> {
	table: nft_table;
	item: T;
}

/** What the kernel has and what the commands so far make of it. */
export class nft_cache {
	flags = 0;
	tables: nft_table[] = [];

	table(h: handle): nft_table | null {
		return (
			this.tables.find(
				(t) =>
					t.handle.table_name === h.table_name &&
					t.handle.family === h.family,
			) ?? null
		);
	}

	fuzzy_table(name: string): nft_table | null {
		return misspell_of(name, this.tables, (t) => t.handle.table_name);
	}

	fuzzy_chain(name: string): near_miss<nft_chain> | null {
		if (name === '') return null;
		const all = this.tables.flatMap((table) =>
			table.cache.chains.map((item) => ({ table, item })),
		);
		return misspell_of(name, all, (c) => c.item.handle.chain_name);
	}

	fuzzy_set(name: string): near_miss<nft_set> | null {
		const all = this.tables.flatMap((table) =>
			table.cache.sets
				.filter((s) => !set_is_anonymous(s.flags))
				.map((item) => ({ table, item })),
		);
		return misspell_of(name, all, (c) => c.item.handle.set_name);
	}

	fuzzy_obj(name: string): near_miss<nft_obj> | null {
		const all = this.tables.flatMap((table) =>
			table.cache.objs.map((item) => ({ table, item })),
		);
		return misspell_of(name, all, (c) => c.item.handle.obj_name);
	}

	fuzzy_flowtable(name: string): near_miss<nft_flowtable> | null {
		const all = this.tables.flatMap((table) =>
			table.cache.flowtables.map((item) => ({ table, item })),
		);
		return misspell_of(name, all, (c) => c.item.handle.ft_name);
	}
}

export type cmd_op =
	| 'add'
	| 'replace'
	| 'create'
	| 'insert'
	| 'delete'
	| 'get'
	| 'list'
	| 'reset'
	| 'flush'
	| 'rename';

export type cmd_obj =
	| 'table'
	| 'tables'
	| 'chain'
	| 'chains'
	| 'rule'
	| 'set'
	| 'sets'
	| 'map'
	| 'maps'
	| 'meter'
	| 'meters'
	| 'setelems'
	| 'elements'
	| 'counter'
	| 'counters'
	| 'flowtable'
	| 'flowtables'
	| 'ruleset';

/** An attribute of a message that an error may point at. */
export class cmd_loc {
	/** message of this command, from 0 */
	msg: number;
	attr: number;
	/** entry of a list attribute, -1: the attribute itself */
	index: number;
	location: location;

	constructor(msg: number, attr: number, index: number, loc: location) {
		this.msg = msg;
		this.attr = attr;
		this.index = index;
		this.location = loc;
	}
}

/** One command. */
export class nft_cmd {
	op: cmd_op;
	obj: cmd_obj;
	handle: handle;
	location: location;
	table: nft_table | null = null;
	chain: nft_chain | null = null;
	rule: nft_rule | null = null;
	set: nft_set | null = null;
	/** of elements */
	expr: expr | null = null;
	elem_set: nft_set | null = null;
	object: nft_obj | null = null;
	flowtable: nft_flowtable | null = null;
	arg = '';
	attrs: cmd_loc[] = [];
	/** number of messages so far */
	num_msgs = 0;

	constructor(op: cmd_op, obj: cmd_obj, h: handle, loc: location) {
		this.op = op;
		this.obj = obj;
		this.handle = h;
		this.location = loc;
	}
}

/** Elements that another command than the user's adds or deletes. */
export interface nft_cmd_draft {
	handle: handle;
	location: location;
	expr: expr;
	elem_set: nft_set;
}

/** Word for a family. */
export function family2str(family: number): string {
	switch (family) {
		case NFPROTO_IPV4:
			return 'ip';
		case NFPROTO_IPV6:
			return 'ip6';
		case NFPROTO_INET:
			return 'inet';
		case NFPROTO_NETDEV:
			return 'netdev';
		case NFPROTO_ARP:
			return 'arp';
		case NFPROTO_BRIDGE:
			return 'bridge';
		default:
			return 'unknown';
	}
}

const inet_hooks: readonly (readonly [string, number])[] = [
	['prerouting', NF_INET_PRE_ROUTING],
	['input', NF_INET_LOCAL_IN],
	['forward', NF_INET_FORWARD],
	['postrouting', NF_INET_POST_ROUTING],
	['output', NF_INET_LOCAL_OUT],
];
const arp_hooks: readonly (readonly [string, number])[] = [
	['input', 0],
	['forward', 2],
	['output', 1],
];
const netdev_hooks: readonly (readonly [string, number])[] = [
	['ingress', NF_NETDEV_INGRESS],
	['egress', NF_NETDEV_EGRESS],
];

function hooks_of(family: number): readonly (readonly [string, number])[] {
	if (family === NFPROTO_ARP) return arp_hooks;
	if (family === NFPROTO_NETDEV) return netdev_hooks;
	return inet_hooks;
}

/** All words that name a hook of some family. */
export const hook_names: readonly string[] = [
	'ingress',
	'egress',
	'prerouting',
	'input',
	'forward',
	'postrouting',
	'output',
];

/** All words that name a chain type. */
export const chain_types: readonly string[] = ['filter', 'nat', 'route'];

/** Number of a hook in a family, NF_INET_NOHOOK if it has none of that name. */
export function str2hooknum(family: number, name: string): number {
	if (family === NFPROTO_INET && name === 'ingress') return NF_INET_INGRESS;
	return hooks_of(family).find((h) => h[0] === name)?.[1] ?? NF_INET_NOHOOK;
}

/** Name of a hook. */
export function hooknum2str(family: number, num: number): string {
	if (family === NFPROTO_INET && num === NF_INET_INGRESS) return 'ingress';
	return hooks_of(family).find((h) => h[1] === num)?.[0] ?? 'unknown';
}

const std_prios: readonly (readonly [string, number])[] = [
	['raw', -300],
	['mangle', -150],
	['dstnat', -100],
	['filter', 0],
	['security', 50],
	['srcnat', 100],
];
const bridge_std_prios: readonly (readonly [string, number])[] = [
	['dstnat', -300],
	['filter', -200],
	['out', 100],
	['srcnat', 300],
];

function std_prio_family_hook_compat(prio: number, family: number, hook: number): boolean {
	if (family === NFPROTO_BRIDGE) {
		switch (prio) {
			case -300:
				return hook === NF_INET_PRE_ROUTING;
			case -200:
				return true;
			case 100:
				return hook === NF_INET_LOCAL_OUT;
			case 300:
				return hook === NF_INET_POST_ROUTING;
			default:
				return false;
		}
	}
	const l3 = family === NFPROTO_INET || family === NFPROTO_IPV4 || family === NFPROTO_IPV6;
	switch (prio) {
		case 0:
			return l3 || family === NFPROTO_ARP || family === NFPROTO_NETDEV;
		case -300:
		case -150:
		case 50:
			return l3;
		case -100:
			return l3 && hook === NF_INET_PRE_ROUTING;
		case 100:
			return l3 && hook === NF_INET_POST_ROUTING;
		default:
			return false;
	}
}

/** Number of a priority name, null if it does not exist for family and hook. */
export function std_prio_lookup(name: string, family: number, hook: number): number | null {
	for (const [n, v] of family === NFPROTO_BRIDGE ? bridge_std_prios : std_prios)
		if (n === name && std_prio_family_hook_compat(v, family, hook)) return v;
	return null;
}

/** Text of a priority: a name, if one is within reach. */
export function prio2str(octx: output_ctx, family: number, hook: number, prio: number): string {
	if (!(octx.flags & NFT_CTX_OUTPUT_NUMERIC_PRIO)) {
		for (const [name, v] of family === NFPROTO_BRIDGE ? bridge_std_prios : std_prios) {
			if (Math.abs(prio - v) > 10) continue;
			if (!std_prio_family_hook_compat(v, family, hook)) break;
			const off = prio - v;
			return off > 0 ? `${name} + ${off}` : off < 0 ? `${name} - ${-off}` : name;
		}
	}
	return String(prio);
}

/** Signed value of a priority expression. */
export function prio_value(e: expr): number {
	return Number(BigInt.asIntN(32, e.value));
}

/** Word for a policy. */
export function chain_policy2str(policy: number): string {
	return policy === NF_DROP ? 'drop' : policy === NF_ACCEPT ? 'accept' : 'unknown';
}

function with_handle(octx: output_ctx, id: number): string {
	return octx.flags & NFT_CTX_OUTPUT_HANDLE ? ` # handle ${id}` : '';
}

function set_key_print(e: expr, octx: output_ctx): string {
	if (e.dtype.size || e.dtype.type === TYPE_VERDICT) return e.dtype.name;
	return expr_print(e, octx);
}

/** A set without its elements and the closing brace. */
export function set_print_declaration(set: nft_set, octx: output_ctx): string {
	const kind = set_is_meter(set.flags) ? 'meter' : set_is_map(set.flags) ? 'map' : 'set';
	const key = (e: expr): string =>
		set.key_typeof_valid ? expr_print(e, octx) : set_key_print(e, octx);
	let out = `\t${kind} ${set.handle.set_name} {${with_handle(octx, set.handle.handle_id)}\n`;
	out += `\t\t${set.key_typeof_valid ? 'typeof' : 'type'} ${key(set.key)}`;
	if (set_is_datamap(set.flags))
		out += ` : ${set.data.flags & EXPR_F_INTERVAL ? 'interval ' : ''}${key(set.data)}`;
	else if (set_is_objmap(set.flags)) out += ` : ${objref_type_name(set.objtype)}`;
	out += '\n';
	if (!(set.flags & NFT_SET_CONSTANT)) {
		if (set.policy !== NFT_SET_POL_PERFORMANCE)
			out += `\t\tpolicy ${set.policy === NFT_SET_POL_MEMORY ? 'memory' : 'unknown'}\n`;
		if (set.desc_size > 0) out += `\t\tsize ${set.desc_size}\n`;
	}
	const words: string[] = [];
	if (set.flags & NFT_SET_CONSTANT) words.push('constant');
	if (set.flags & NFT_SET_EVAL) words.push('dynamic');
	if (set.flags & NFT_SET_INTERVAL) words.push('interval');
	if (set.flags & NFT_SET_TIMEOUT) words.push('timeout');
	if (words.length && !(words.length === 1 && words[0] === 'timeout' && set.timeout))
		out += `\t\tflags ${words.join(',')}\n`;
	if (set.stmt_list.length) {
		const inner: output_ctx = { ...octx, flags: octx.flags | NFT_CTX_OUTPUT_STATELESS };
		out += `\t\t${set.stmt_list.map((s) => s.print(inner)).join(' ')}\n`;
	}
	if (set.automerge) out += '\t\tauto-merge\n';
	if (set.timeout) out += `\t\ttimeout ${time_print(set.timeout, octx)}\n`;
	if (set.gc_int) out += `\t\tgc-interval ${time_print(set.gc_int, octx)}\n`;
	if (set.comment !== null) out += `\t\tcomment "${set.comment}"\n`;
	return out;
}

/** A set with its elements. */
export function set_print(set: nft_set, octx: output_ctx): string {
	let out = set_print_declaration(set, octx);
	const hide =
		(set_is_meter(set.flags) && octx.flags & NFT_CTX_OUTPUT_STATELESS) ||
		octx.flags & NFT_CTX_OUTPUT_TERSE;
	if (!hide && set.init !== null && set.init.expressions.length > 0)
		out += `\t\telements = ${expr_print(set.init, octx)}\n`;
	return `${out}\t}\n`;
}

/** A chain without its rules and the closing brace. */
export function chain_print_declaration(chain: nft_chain, octx: output_ctx): string {
	if (chain.flags & NFT_CHAIN_BINDING) return '';
	const h = chain.handle;
	let out = `\tchain ${h.chain_name} {${with_handle(octx, h.handle_id)}`;
	if (chain.comment !== null) out += `\n\t\tcomment "${chain.comment}"`;
	out += '\n';
	if (!(chain.flags & NFT_CHAIN_BASE)) return out;
	out += `\t\ttype ${chain.type} hook ${hooknum2str(h.family, chain.hook_num)}`;
	if (chain.devices.length === 1) out += ` device "${chain.devices[0]}"`;
	else if (chain.devices.length > 1) out += ` devices = { ${chain.devices.join(', ')} }`;
	out += ` priority ${prio2str(octx, h.family, chain.hook_num, prio_value(chain.priority))};`;
	if (chain.policy !== null)
		out += ` policy ${chain_policy2str(Number(chain.policy.value))};`;
	if (chain.flags & NFT_CHAIN_HW_OFFLOAD) out += ' flags offload;';
	return `${out}\n`;
}

/** A chain with its rules. */
export function chain_print(chain: nft_chain, octx: output_ctx): string {
	let out = chain_print_declaration(chain, octx);
	for (const r of chain.rules) out += `\t\t${r.print(octx)}\n`;
	return `${out}\t}\n`;
}

/** A stateful object. */
export function obj_print(obj: nft_obj, octx: output_ctx): string {
	let out = `\t${objref_type_name(obj.type)} ${obj.handle.obj_name} {`;
	out += with_handle(octx, obj.handle.handle_id);
	if (obj.comment !== null) out += `\n\t\tcomment "${obj.comment}"`;
	if (!(octx.flags & NFT_CTX_OUTPUT_STATELESS))
		out += `\n\t\tpackets ${obj.packets} bytes ${obj.bytes}`;
	return `${out}\n\t}\n`;
}

/** A flowtable. */
export function flowtable_print(ft: nft_flowtable, octx: output_ctx): string {
	let out = `\tflowtable ${ft.handle.ft_name} {${with_handle(octx, ft.handle.handle_id)}\n`;
	out += `\t\thook ${hooknum2str(NFPROTO_NETDEV, ft.hook_num)} priority ${prio2str(
		octx,
		NFPROTO_NETDEV,
		ft.hook_num,
		prio_value(ft.priority),
	)}\n`;
	if (ft.devices.length) out += `\t\tdevices = { ${ft.devices.join(', ')} }\n`;
	if (ft.flags & NFT_FLOWTABLE_HW_OFFLOAD) out += '\t\tflags offload\n';
	if (ft.flags & NFT_FLOWTABLE_COUNTER) out += '\t\tcounter\n';
	return `${out}\t}\n`;
}

/** A table with everything in it. */
export function table_print(table: nft_table, octx: output_ctx): string {
	const h = table.handle;
	let out = `table ${family2str(h.family)} ${h.table_name} {${with_handle(octx, h.handle_id)}\n`;
	if (table.flags & NFT_TABLE_F_DORMANT) out += '\tflags dormant\n';
	if (table.comment !== null) out += `\tcomment "${table.comment}"\n`;
	const parts = [
		...table.cache.objs.map((o) => obj_print(o, octx)),
		...table.cache.sets
			.filter((s) => !set_is_anonymous(s.flags))
			.map((s) => set_print(s, octx)),
		...table.cache.flowtables.map((f) => flowtable_print(f, octx)),
		...table.cache.chains.map((c) => chain_print(c, octx)),
	];
	// flags, unlike a comment, are set apart from what follows
	const head = table.flags & NFT_TABLE_F_DORMANT && parts.length ? '\n' : '';
	return `${out}${head}${parts.join('\n')}}\n`;
}

/** First line of a listing of part of a table. */
export function table_print_declaration(h: handle): string {
	return `table ${family2str(h.family)} ${h.table_name} {\n`;
}
