// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, from text to commands.
 * What the actions of parser_bison.y of nftables 1.0.6 do; grammar.peggy calls it. Syntax errors and
 * errors that an action finds are collected; a broken line is left out and parsing goes on behind the
 * next separator, as bison's error rule does.
 * Not here: include inside a table or chain.
 */

import {
	NFT_CHAIN_BASE,
	NFT_CHAIN_BINDING,
	NFT_CHAIN_HW_OFFLOAD,
	NFT_FLOWTABLE_COUNTER,
	NFT_FLOWTABLE_HW_OFFLOAD,
	NFT_LIMIT_F_INV,
	NFT_LIMIT_PKTS,
	NFT_LIMIT_PKT_BYTES,
	NFT_REJECT_ICMPX_UNREACH,
	NFT_REJECT_ICMP_UNREACH,
	NFT_REJECT_TCP_RST,
	NFT_SET_MAP,
	NFT_SET_OBJECT,
	NFT_TABLE_F_DORMANT,
} from '../../../../../include/uapi/linux/netfilter/nf_tables.ts';
import { NF_NAT_RANGE_NETMAP } from '../../../../../include/uapi/linux/netfilter/nf_nat.ts';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../../../include/uapi/linux/netfilter.ts';
import {
	boolean_type,
	datatype_lookup_byname,
	icmp_code_type,
	icmp_type_type,
	icmpv6_code_type,
	icmpx_code_type,
	ifname_type,
	inet_protocol_type,
	integer_type,
	policy_type,
	string_type,
	time_parse,
} from './datatype.ts';
import { error_record, input_descriptor, location } from './erec.ts';
import {
	EXPR_CONCAT,
	EXPR_CT,
	EXPR_F_CONSTANT,
	EXPR_F_INTERVAL,
	EXPR_FIB,
	EXPR_LIST,
	EXPR_META,
	EXPR_NUMGEN,
	EXPR_PAYLOAD,
	EXPR_SYMBOL,
	OP_EQ,
	OP_IMPLICIT,
	binop_expr_alloc,
	compound_expr_alloc,
	constant_expr_alloc,
	ct_expr_alloc,
	expr,
	expr_name,
	fib_expr_alloc,
	flagcmp_expr_alloc,
	map_expr_alloc,
	mapping_expr_alloc,
	meta_expr_alloc,
	meta_key_lookup,
	numgen_expr_alloc,
	payload_expr_alloc,
	payload_init_raw,
	prefix_expr_alloc,
	range_expr_alloc,
	relational_expr_alloc,
	set_elem_expr_alloc,
	string_expr_alloc,
	symbol_def,
	symbol_expr_alloc,
	variable_expr_alloc,
	verdict_expr_alloc,
} from './expr.ts';
import { parse } from './grammar.js';
import { is_keyword, lexer, token_name, wanted_name } from './lexer.ts';
import { misspell } from './misspell.ts';
import { BYTEORDER_HOST_ENDIAN, mpz_from_string } from './mpz.ts';
import {
	PROTO_BASE_LL_HDR,
	PROTO_BASE_NETWORK_HDR,
	PROTO_BASE_TRANSPORT_HDR,
	proto_find_name,
} from './proto.ts';
import {
	chain_types,
	type cmd_obj,
	type cmd_op,
	handle,
	hook_names,
	nft_chain,
	nft_cmd,
	nft_flowtable,
	nft_obj,
	nft_rule,
	nft_set,
	nft_table,
} from './rule.ts';
import {
	STMT_LOG_GROUP,
	STMT_LOG_LEVEL,
	STMT_LOG_PREFIX,
	STMT_LOG_QTHRESHOLD,
	STMT_LOG_SNAPLEN,
	STMT_NAT_F_CONCAT,
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
	syslog_level,
	verdict_stmt,
} from './stmt.ts';

const NFTNL_UDATA_COMMENT_MAXLEN = 128;
const PARSER_MAX_ERRORS = 10;

interface named {
	name: string;
	loc: location;
}
interface numbered {
	id: number;
	loc: location;
}
interface handle_parts {
	family?: number;
	table?: named;
	chain?: named;
	set?: named;
	ft?: named;
	obj?: named;
	handle?: numbered;
	position?: numbered;
	index?: numbered;
}
interface cmd_parts {
	obj: cmd_obj;
	h: handle_parts;
	table?: nft_table | null;
	chain?: nft_chain | null;
	rule?: nft_rule | null;
	set?: nft_set | null;
	expr?: expr | null;
	object?: nft_obj | null;
	flowtable?: nft_flowtable | null;
	arg?: string;
}
interface prio_spec {
	expr: expr;
	loc: location;
}
interface hook_spec {
	type: named;
	hook: named;
	dev: expr | null;
	prio: prio_spec;
	loc: location;
}
type table_item =
	| { k: 'comment'; v: string }
	| { k: 'dormant' }
	| { k: 'chain'; i: named; v: nft_chain }
	| { k: 'set'; i: named; v: nft_set }
	| { k: 'flowtable'; i: named; v: nft_flowtable }
	| { k: 'counter'; i: named; v: nft_obj };
type chain_item =
	| ({ k: 'hook' } & hook_spec)
	| { k: 'policy'; v: { expr: expr; loc: location } }
	| { k: 'offload' }
	| { k: 'comment'; v: string }
	| { k: 'rule'; v: nft_rule };
type set_item =
	| { k: 'key' | 'typeof'; v: expr; data?: expr; interval?: boolean; objtype?: number }
	| { k: 'flags' | 'timeout' | 'gc' | 'policy' | 'size'; v: number }
	| { k: 'stmts'; v: stmt[] }
	| { k: 'elements'; v: expr }
	| { k: 'automerge' }
	| { k: 'comment'; v: string };
type ft_item =
	| { k: 'hook'; hook: named; prio: prio_spec }
	| { k: 'devices'; v: expr }
	| { k: 'counter' }
	| { k: 'offload' };
type counter_item = { k: 'values'; packets: number; bytes: number } | { k: 'comment'; v: string };
type rel_rest =
	| { k: 'flagcmp'; op: { code: number; loc: location } | null; v: expr; m: expr }
	| { k: 'rel'; op: { code: number; loc: location } | null; v: expr };
type expr_rest =
	| rel_rest
	| { k: 'vmap'; v: expr; loc: location }
	| { k: 'map'; v: expr; rel: rel_rest; loc: location };
type log_arg =
	| { k: 'prefix'; v: string; loc: location }
	| { k: 'group' | 'snaplen' | 'qthreshold' | 'flags'; v: number }
	| { k: 'level'; v: string; loc: location };
interface elem_option {
	timeout?: number;
	expires?: number;
	comment?: string;
}
interface limit_parts {
	rate: number;
	unit: number;
	burst: number;
	bytes: boolean;
}

/** Nothing but blanks stands between a position and the start of its line or the end of a statement. */
function starts_statement(text: string, pos: number): boolean {
	let i = pos - 1;
	for (; i >= 0 && /\s/.test(text[i]); i--) if (text[i] === '\n') return true;
	return i < 0 || text[i] === ';' || text[i] === '{';
}

/** Definitions that are visible in a block. */
class scope {
	parent: scope | null;
	symbols = new Map<string, symbol_def>();

	constructor(parent: scope | null) {
		this.parent = parent;
	}

	lookup(name: string): symbol_def | null {
		return this.symbols.get(name) ?? this.parent?.lookup(name) ?? null;
	}
}

/** State that outlives one input: the top scope, numbers of anonymous chains, included files. */
export class parser_state {
	top = new scope(null);
	chain_id = 0;
	read_file: (path: string) => string | null = () => null;
	include_depth = 0;
}

/** What an input yields. */
export interface parse_result {
	cmds: nft_cmd[];
	errors: error_record[];
}

const byte_units: Readonly<Record<string, number>> = { bytes: 1, kbytes: 1024, mbytes: 1048576 };
const time_units: Readonly<Record<string, number>> = {
	second: 1,
	minute: 60,
	hour: 3600,
	day: 86400,
	week: 604800,
};
/* what the real tool knows, also where this one does not */
const meta_known = `length protocol priority mark iif oif iifname oifname iiftype oiftype skuid skgid nftrace
	rtclassid secmark nfproto l4proto ibrname obrname pkttype cpu iifgroup oifgroup cgroup random ipsec iifkind
	oifkind ibrpvid ibrvproto time day hour sdif sdifname`;
const protos = new Set(
	'ether vlan arp ip icmp igmp ip6 icmpv6 ah esp comp udp udplite tcp dccp sctp th'.split(
		' ',
	),
);
const meta_words = new Set('length protocol priority random secmark'.split(' '));
const meta_unqualified = new Set(
	`mark iif iifname iiftype oif oifname oiftype skuid skgid nftrace ibriport obriport ibrname obrname
	pkttype cpu iifgroup oifgroup cgroup ipsec time day hour`.split(/\s+/),
);

/* order in which a syntax error names what it would have liked; the rest follows as found */
const wanted_order =
	`end of file,newline,colon,semicolon,comma,.,==,!=,<,>,>=,<=,&,/,-,@,hook,device,devices,
table,tables,chain,chains,rule,sets,set,element,map,maps,flowtable,handle,ruleset,inet,netdev,add,update,
delete,accept,drop,constant,interval,dynamic,timeout,offload,number,string,quoted string,
string with a trailing asterisk,all,ether,type,vlan,arp,ip,option,options,icmp,icmpv6,ip6,tcp,saddr,daddr,
counter,counters,quotas,quota,log,prefix,packets,bytes,rate,performance,memory,to,with,icmpx,reset,priority,
mark,iif,oif,oifname,name,sport,dport,inc,mod,random,'=','{','}'`
		.split(',')
		.map((w) => w.trim());

/** Receives what the grammar recognises. */
export class builder {
	indesc: input_descriptor;
	state: parser_state;
	scope: scope;
	cmds: nft_cmd[] = [];
	errors: error_record[] = [];
	/** errors of actions on the line in work */
	pending = 0;
	/** position of the furthest token that did not fit, and what would have */
	far = -1;
	wanted = new Set<string>();
	frozen = -1;
	err_pos = -1;
	cmd_scope: scope;
	/** an error was left behind at the end of the input: no more are named */
	dead = false;

	constructor(indesc: input_descriptor, state: parser_state) {
		this.indesc = indesc;
		this.state = state;
		this.scope = state.top;
		this.cmd_scope = this.scope;
	}

	/* called by the token rules */

	want(pos: number, name: string): void {
		if (pos < this.far || pos === this.frozen) return;
		if (pos > this.far) {
			this.far = pos;
			this.wanted.clear();
		}
		this.wanted.add(name);
	}

	forget(pos: number): void {
		if (pos >= this.far) this.wanted.clear();
	}

	/** Nothing more is wanted at the furthest token: other ways to read the line do not count. */
	freeze(): boolean {
		this.frozen = this.far;
		return false;
	}

	is_keyword(word: string): boolean {
		return is_keyword(word);
	}

	loc(start: number, end: number): location {
		return new location(this.indesc, start, end);
	}

	/** Notes the syntax error at the furthest token; always true. */
	syntax_error(lex: lexer): boolean {
		if (this.dead) return true;
		const t = lex.at(this.far);
		this.err_pos = t.start;
		// what an action complained about was the end of the line
		if (this.pending > 0) {
			this.pending = 0;
			return true;
		}
		if (this.wanted.size === 1 && this.wanted.has('raw payload base')) {
			this.error(this.loc(t.start, t.end), 'unknown raw payload base');
			this.pending = 0;
			return true;
		}
		const names = [...new Set([...this.wanted].map(wanted_name))];
		const rank = (n: string): number => {
			const i = wanted_order.indexOf(n);
			return i < 0 ? wanted_order.length : i;
		};
		names.sort((x, y) => rank(x) - rank(y));
		// at the start of a line or behind its end all kinds of things would do
		const start =
			t.type === 'eof'
				? names.join() === "'}'"
				: starts_statement(this.indesc.data, t.start);
		const expecting =
			!start && names.length > 0 && names.length < 5
				? `, expecting ${names.join(' or ')}`
				: '';
		const end = t.type === 'eof' ? t.start : t.end;
		// words that are keywords only where rates are
		const rate = this.wanted.has('packets') || this.wanted.has('bytes');
		const name = rate && /^(?:packets|bytes)$/.test(t.text) ? t.text : token_name(t);
		this.error(this.loc(t.start, end), `syntax error, unexpected ${name}${expecting}`);
		this.pending = 0;
		return true;
	}

	error(loc: location, msg: string): void {
		if (this.errors.length >= PARSER_MAX_ERRORS) return;
		const same = (e: error_record): boolean =>
			e.locations[0].start === loc.start && e.msg === msg;
		const again = this.errors.some(
			(e) =>
				same(e) ||
				(msg.startsWith('syntax') &&
					e.msg.startsWith('syntax') &&
					e.locations[0].start === loc.start),
		);
		if (!again) this.errors.push(new error_record(msg, loc));
		this.pending++;
	}

	/** Whether a definition or an include failed; skipping begins where the parser is. */
	complained(): boolean {
		if (this.pending === 0) return false;
		this.pending = 0;
		this.err_pos = -1;
		return true;
	}

	start_cmd(): boolean {
		this.pending = 0;
		return true;
	}

	/** What a line of a block amounts to: nothing, if an action complained. */
	item<T>(i: T): T | null {
		const bad = this.pending > 0;
		this.pending = 0;
		return bad ? null : i;
	}

	/* definitions */

	open_scope(): void {
		this.scope = new scope(this.scope);
	}

	close_scope(): void {
		if (this.scope.parent !== null) this.scope = this.scope.parent;
	}

	define(i: named, e: expr, again: boolean): void {
		if (!again && this.scope.lookup(i.name) !== null) {
			this.error(i.loc, `redefinition of symbol '${i.name}'`);
			return;
		}
		this.scope.symbols.set(i.name, new symbol_def(i.name, e));
	}

	undefine(i: named): void {
		this.scope.symbols.delete(i.name);
	}

	include(path: string, loc: location): void {
		if (this.scope !== this.state.top) {
			this.error(loc, 'include is only supported at the top level');
			return;
		}
		const text = this.state.read_file(path);
		if (text === null || this.state.include_depth >= 16) {
			this.error(
				loc,
				text === null
					? `File not found: ${path}`
					: 'Include nested too deeply, max 16 levels',
			);
			return;
		}
		this.state.include_depth++;
		const r = nft_parse(new input_descriptor('file', path, text, loc), this.state);
		this.state.include_depth--;
		this.cmds.push(...r.cmds);
		this.errors.push(...r.errors);
	}

	variable(loc: location, i: named): expr {
		const sym = this.scope.lookup(i.name);
		if (sym === null) {
			const near: string[] = [];
			for (let s: scope | null = this.scope; s !== null; s = s.parent)
				near.push(...s.symbols.keys());
			const hint = misspell(i.name, near);
			this.error(
				i.loc,
				`unknown identifier '${i.name}'${hint === null ? '' : `; did you mean identifier ‘${hint}’?`}`,
			);
		}
		return variable_expr_alloc(loc, i.name, sym);
	}

	/* commands */

	handle(p: handle_parts): handle_parts {
		return p;
	}

	make_handle(p: handle_parts): handle {
		const h = new handle();
		h.family = p.family ?? 0;
		if (p.table) [h.table_name, h.table_loc] = [p.table.name, p.table.loc];
		if (p.chain) [h.chain_name, h.chain_loc] = [p.chain.name, p.chain.loc];
		if (p.set) [h.set_name, h.set_loc] = [p.set.name, p.set.loc];
		if (p.ft) [h.ft_name, h.ft_loc] = [p.ft.name, p.ft.loc];
		if (p.obj) [h.obj_name, h.obj_loc] = [p.obj.name, p.obj.loc];
		if (p.handle) [h.handle_id, h.handle_loc] = [p.handle.id, p.handle.loc];
		if (p.position) [h.position_id, h.position_loc] = [p.position.id, p.position.loc];
		if (p.index) [h.index_id, h.index_loc] = [p.index.id, p.index.loc];
		return h;
	}

	cmd(op: cmd_op, c: cmd_parts): cmd_parts & { op: cmd_op } {
		return { op, ...c };
	}

	command(c: cmd_parts & { op: cmd_op }, loc: location): void {
		this.scope = this.state.top;
		if (this.item(c) === null) return;
		const cmd = new nft_cmd(c.op, c.obj, this.make_handle(c.h), loc);
		cmd.table = c.table ?? null;
		cmd.chain = c.chain ?? null;
		cmd.rule = c.rule ?? null;
		cmd.set = c.set ?? null;
		cmd.expr = c.expr ?? null;
		cmd.object = c.object ?? null;
		cmd.flowtable = c.flowtable ?? null;
		cmd.arg = c.arg ?? '';
		if (c.op !== 'delete') {
			if (c.obj === 'table') cmd.table?.handle.merge(cmd.handle);
			if (c.obj === 'chain') cmd.chain?.handle.merge(cmd.handle);
			if (c.obj === 'set') cmd.set?.handle.merge(cmd.handle);
			if (c.obj === 'counter') cmd.object?.handle.merge(cmd.handle);
			if (c.obj === 'flowtable') cmd.flowtable?.handle.merge(cmd.handle);
		}
		if (cmd.object !== null) cmd.object.location = loc;
		this.cmds.push(cmd);
	}

	comment(s: string, loc: location): string {
		if (s.length > NFTNL_UDATA_COMMENT_MAXLEN)
			this.error(
				loc,
				`comment too long, ${NFTNL_UDATA_COMMENT_MAXLEN} characters maximum allowed`,
			);
		return s;
	}

	/* blocks */

	twice(loc: location): void {
		this.error(loc, 'You can only specify this once. This statement is duplicated.');
	}

	table_flag(s: named): table_item | null {
		if (s.name === 'dormant') return { k: 'dormant' };
		this.error(s.loc, `unknown table option ${s.name}`);
		return null;
	}

	table(items: (table_item | null)[]): nft_table {
		const t = new nft_table();
		for (const i of items) {
			if (i === null) continue;
			switch (i.k) {
				case 'comment':
					t.comment = i.v;
					break;
				case 'dormant':
					t.flags |= NFT_TABLE_F_DORMANT;
					break;
				case 'chain':
					i.v.location = i.i.loc;
					i.v.handle.chain_name = i.i.name;
					i.v.handle.chain_loc = i.i.loc;
					t.decl.chains.push(i.v);
					break;
				case 'set':
					i.v.location = i.i.loc;
					i.v.handle.set_name = i.i.name;
					i.v.handle.set_loc = i.i.loc;
					t.decl.sets.push(i.v);
					break;
				case 'flowtable':
					i.v.location = i.i.loc;
					i.v.handle.ft_name = i.i.name;
					i.v.handle.ft_loc = i.i.loc;
					t.decl.flowtables.push(i.v);
					break;
				case 'counter':
					i.v.location = i.i.loc;
					i.v.handle.obj_name = i.i.name;
					i.v.handle.obj_loc = i.i.loc;
					t.decl.objs.push(i.v);
					break;
			}
		}
		return t;
	}

	hook(h: hook_spec): chain_item | null {
		if (!chain_types.includes(h.type.name))
			this.error(h.type.loc, 'unknown chain type');
		else if (!hook_names.includes(h.hook.name))
			this.error(h.hook.loc, 'unknown chain hook');
		return { k: 'hook', ...h };
	}

	chain(items: (chain_item | null)[], loc: location): nft_chain {
		const c = new nft_chain(loc);
		for (const i of items) {
			if (i === null) continue;
			switch (i.k) {
				case 'hook':
					c.loc = i.loc;
					c.type = i.type.name;
					c.type_loc = i.type.loc;
					c.hook_name = i.hook.name;
					c.hook_loc = i.hook.loc;
					c.dev_expr = i.dev;
					c.priority = i.prio.expr;
					c.priority_loc = i.prio.loc;
					c.flags |= NFT_CHAIN_BASE;
					break;
				case 'policy':
					if (c.policy !== null) {
						this.error(
							i.v.loc,
							'you cannot set chain policy twice',
						);
						break;
					}
					if (i.v.expr.sym !== null)
						i.v.expr.sym.expr.dtype = policy_type;
					c.policy = i.v.expr;
					c.policy.location = i.v.loc;
					break;
				case 'offload':
					c.flags |= NFT_CHAIN_HW_OFFLOAD;
					break;
				case 'comment':
					c.comment = i.v;
					break;
				case 'rule':
					c.rules.push(i.v);
					break;
			}
		}
		return c;
	}

	int_expr(loc: location, n: number): expr {
		return constant_expr_alloc(
			loc,
			integer_type,
			BYTEORDER_HOST_ENDIAN,
			32,
			BigInt.asUintN(32, BigInt(n)),
		);
	}

	prio_name(loc: location, s: string): expr {
		return this.string(loc, s);
	}

	string(loc: location, s: string): expr {
		return string_expr_alloc(loc, s, s.length);
	}

	dev_list(loc: location, members: expr[]): expr {
		for (const m of members) if (m.sym !== null) m.sym.expr.dtype = ifname_type;
		return compound_expr_alloc(loc, EXPR_LIST, members);
	}

	set_common(s: nft_set, items: (set_item | null)[]): nft_set {
		for (const i of items) {
			if (i === null) continue;
			switch (i.k) {
				case 'key':
				case 'typeof':
					s.key = i.v;
					if (i.data !== undefined) {
						s.data = i.data;
						s.flags |= NFT_SET_MAP;
						if (i.interval) s.data.flags |= EXPR_F_INTERVAL;
					}
					if (i.objtype !== undefined) {
						s.objtype = i.objtype;
						s.flags |= NFT_SET_OBJECT;
					}
					break;
				case 'flags':
					s.flags |= i.v;
					break;
				case 'timeout':
					s.timeout = i.v;
					break;
				case 'gc':
					s.gc_int = i.v;
					break;
				case 'policy':
					s.policy = i.v;
					break;
				case 'size':
					s.desc_size = i.v;
					break;
				case 'stmts':
					s.stmt_list.push(...i.v);
					break;
				case 'elements':
					s.init = i.v;
					break;
				case 'automerge':
					s.automerge = true;
					break;
				case 'comment':
					s.comment = i.v;
					break;
			}
		}
		return s;
	}

	set(items: (set_item | null)[], loc: location): nft_set {
		return this.set_common(new nft_set(loc), items);
	}

	map(items: (set_item | null)[], loc: location): nft_set {
		return this.set_common(new nft_set(loc), items);
	}

	data_type(loc: location, name: string): expr {
		const d = datatype_lookup_byname(name);
		if (d === null) {
			this.error(loc, `unknown datatype ${name}`);
			return expr.nil;
		}
		return constant_expr_alloc(loc, d, d.byteorder, d.size, 0n);
	}

	typeof_data(e: expr): expr {
		if (e.etype === EXPR_SYMBOL && e.identifier === 'verdict') {
			const v = verdict_expr_alloc(e.location, 1, null);
			v.flags &= ~EXPR_F_CONSTANT;
			return v;
		}
		const first = e.etype === EXPR_CONCAT ? e.expressions[0] : e;
		if (
			first.etype !== EXPR_PAYLOAD &&
			first.etype !== EXPR_META &&
			first.etype !== EXPR_CT &&
			first.etype !== EXPR_FIB &&
			first.etype !== EXPR_NUMGEN
		)
			this.error(
				e.location,
				`map data type '${expr_name(first)}' lacks typeof serialization`,
			);
		return e;
	}

	time(loc: location, s: string): number {
		const ms = time_parse(s);
		if (typeof ms === 'number') return ms;
		this.error(loc, ms);
		return 0;
	}

	ft_hook(hook: named, prio: prio_spec): ft_item | null {
		if (!hook_names.includes(hook.name)) this.error(hook.loc, 'unknown chain hook');
		return { k: 'hook', hook, prio };
	}

	flowtable(items: (ft_item | null)[], loc: location): nft_flowtable {
		const f = new nft_flowtable(loc);
		for (const i of items) {
			if (i === null) continue;
			switch (i.k) {
				case 'hook':
					f.hook_name = i.hook.name;
					f.hook_loc = i.hook.loc;
					f.priority = i.prio.expr;
					f.priority_loc = i.prio.loc;
					break;
				case 'devices':
					f.dev_expr = i.v;
					break;
				case 'counter':
					f.flags |= NFT_FLOWTABLE_COUNTER;
					break;
				case 'offload':
					f.flags |= NFT_FLOWTABLE_HW_OFFLOAD;
					break;
			}
		}
		return f;
	}

	counter(items: (counter_item | null)[]): nft_obj {
		const o = new nft_obj(this.loc(0, 0));
		for (const i of items) {
			if (i === null) continue;
			if (i.k === 'comment') o.comment = i.v;
			else {
				o.packets = i.packets;
				o.bytes = i.bytes;
			}
		}
		return o;
	}

	/* statements */

	rule(loc: location, stmts: stmt[], comment: string | null): nft_rule {
		const r = new nft_rule(loc);
		r.stmts = stmts;
		r.comment = comment;
		return r;
	}

	verdict(loc: location, verdict: number, chain: expr | null): expr {
		return verdict_expr_alloc(loc, verdict, chain);
	}

	chain_name(loc: location, name: string): expr {
		return constant_expr_alloc(
			loc,
			string_type,
			BYTEORDER_HOST_ENDIAN,
			name.length * 8,
			mpz_from_string(name),
		);
	}

	verdict_stmt(loc: location, e: expr): stmt {
		return new verdict_stmt(loc, e);
	}

	chain_stmt(loc: location, chain: nft_chain, verdict: number): stmt {
		chain.handle.chain_id = ++this.state.chain_id;
		chain.flags |= NFT_CHAIN_BINDING;
		const e = verdict_expr_alloc(loc, verdict, null);
		e.chain_id = chain.handle.chain_id;
		return new chain_stmt(loc, chain, e);
	}

	objref(loc: location, type: number, e: expr): stmt {
		return new objref_stmt(loc, type, e);
	}

	counter_stmt(loc: location, args: { packets?: number; bytes?: number }[]): stmt {
		const s = new counter_stmt(loc);
		for (const a of args) {
			s.packets = a.packets ?? s.packets;
			s.bytes = a.bytes ?? s.bytes;
		}
		return s;
	}

	limit(loc: location, over: number, r: limit_parts): stmt {
		const s = new limit_stmt(loc);
		s.rate = r.rate;
		s.unit = r.unit;
		s.burst = r.burst;
		s.limit_type = r.bytes ? NFT_LIMIT_PKT_BYTES : NFT_LIMIT_PKTS;
		s.limit_flags = over ? NFT_LIMIT_F_INV : 0;
		return s;
	}

	burst(loc: location, n: number): number {
		if (n === 0) this.error(loc, 'packet limit burst must be > 0');
		return n;
	}

	rate(loc: location, n: number, text: string): { rate: number; unit: number } {
		const [bytes, unit] = text.split('/');
		const b = byte_units[bytes];
		const u = time_units[unit];
		if (b === undefined || u === undefined) this.error(loc, 'Wrong rate format');
		return { rate: n * (b ?? 1), unit: u ?? 1 };
	}

	byte_count(loc: location, n: number, unit: string): number {
		const b = byte_units[unit];
		if (b === undefined) this.error(loc, 'Wrong rate format');
		return n * (b ?? 1);
	}

	log_prefix(text: string, loc: location): expr {
		if (!text.includes('$')) return string_expr_alloc(loc, text);
		const parts: expr[] = [];
		for (const m of text.matchAll(/\$([A-Za-z0-9_]*)|[^$]+/g)) {
			if (m[0].startsWith('$'))
				parts.push(this.variable(loc, { name: m[1], loc }));
			else parts.push(string_expr_alloc(loc, m[0]));
		}
		return compound_expr_alloc(loc, EXPR_LIST, parts);
	}

	log(loc: location, args: log_arg[]): stmt {
		const s = new log_stmt(loc);
		for (const a of args) {
			switch (a.k) {
				case 'prefix':
					s.prefix = this.log_prefix(a.v, a.loc);
					s.has |= STMT_LOG_PREFIX;
					break;
				case 'group':
					s.group = a.v;
					s.has |= STMT_LOG_GROUP;
					break;
				case 'snaplen':
					s.snaplen = a.v;
					s.has |= STMT_LOG_SNAPLEN;
					break;
				case 'qthreshold':
					s.qthreshold = a.v;
					s.has |= STMT_LOG_QTHRESHOLD;
					break;
				case 'level': {
					const level = syslog_level.indexOf(a.v);
					if (level < 0) this.error(a.loc, 'invalid log level');
					s.level = level;
					s.has |= STMT_LOG_LEVEL;
					break;
				}
				case 'flags':
					s.logflags |= a.v;
					break;
			}
		}
		return s;
	}

	reject(
		loc: location,
		o: { k: 'icmp' | 'icmpv6' | 'icmpx'; e: expr } | { k: 'tcp' } | null,
	): stmt {
		const s = new reject_stmt(loc);
		if (o === null) return s;
		// not -1: something was said
		s.icmp_code = 0;
		if (o.k === 'tcp') {
			s.reject_type = NFT_REJECT_TCP_RST;
			return s;
		}
		s.expr = o.e;
		if (o.k === 'icmpx') {
			s.reject_type = NFT_REJECT_ICMPX_UNREACH;
			s.expr.dtype = icmpx_code_type;
		} else {
			s.reject_type = NFT_REJECT_ICMP_UNREACH;
			s.family = o.k === 'icmp' ? NFPROTO_IPV4 : NFPROTO_IPV6;
			s.expr.dtype = o.k === 'icmp' ? icmp_code_type : icmpv6_code_type;
		}
		return s;
	}

	nat(
		loc: location,
		type: number,
		a: {
			family?: number | null;
			addr?: expr | null;
			proto?: expr | null;
			type_flags?: number;
			prefix?: boolean;
		},
		flags: number[],
	): stmt {
		const s = new nat_stmt(loc, type);
		s.family = a.family ?? 0;
		s.addr = a.addr ?? null;
		s.proto = a.proto ?? null;
		if (a.type_flags) s.type_flags = STMT_NAT_F_CONCAT;
		for (const f of flags) s.nat_flags = f;
		if (a.prefix) {
			s.type_flags = STMT_NAT_F_PREFIX;
			s.nat_flags |= NF_NAT_RANGE_NETMAP;
		}
		return s;
	}

	notrack(loc: location): stmt {
		return new notrack_stmt(loc);
	}

	flow_offload(loc: location, name: string): stmt {
		return new flow_offload_stmt(loc, name);
	}

	set_stmt(
		loc: location,
		op: number,
		set: expr,
		key: expr,
		stmts: stmt[],
		data: expr | null,
	): stmt {
		return new set_stmt(loc, op, set, key, data ?? expr.nil, stmts);
	}

	payload_stmt(loc: location, p: expr, val: expr): stmt {
		return new payload_stmt(loc, p, val);
	}

	meta_stmt(loc: location, word: string, e: expr): stmt {
		if (word === 'notrack') return new notrack_stmt(loc);
		return new meta_stmt(loc, this.meta_key(loc, word), e);
	}

	ct_stmt(loc: location, key: number, dir: number, e: expr): stmt {
		return new ct_stmt(loc, key, dir, e);
	}

	relation(loc: location, l: expr, r: rel_rest): expr {
		if (r.k === 'flagcmp')
			return flagcmp_expr_alloc(loc, r.op?.code ?? OP_EQ, l, r.m, r.v);
		return relational_expr_alloc(r.op?.loc ?? loc, r.op?.code ?? OP_IMPLICIT, l, r.v);
	}

	expr_stmt(loc: location, l: expr, r: expr_rest): stmt {
		switch (r.k) {
			case 'vmap':
				return new verdict_stmt(loc, map_expr_alloc(loc, l, r.v));
			case 'map': {
				const m = map_expr_alloc(
					this.loc(l.location.start, r.v.location.end),
					l,
					r.v,
				);
				return new expr_stmt(loc, this.relation(loc, m, r.rel));
			}
			default:
				return new expr_stmt(loc, this.relation(loc, l, r));
		}
	}

	/* expressions */

	symbol(loc: location, s: string): expr {
		return symbol_expr_alloc(loc, false, s);
	}

	set_symbol(loc: location, s: string): expr {
		return symbol_expr_alloc(loc, true, s);
	}

	protocol(loc: location, num: number): expr {
		return constant_expr_alloc(
			loc,
			inet_protocol_type,
			BYTEORDER_HOST_ENDIAN,
			8,
			BigInt(num),
		);
	}

	icmp_redirect(loc: location): expr {
		return constant_expr_alloc(loc, icmp_type_type, BYTEORDER_HOST_ENDIAN, 8, 5n);
	}

	boolean(loc: location, v: number): expr {
		return constant_expr_alloc(loc, boolean_type, BYTEORDER_HOST_ENDIAN, 1, BigInt(v));
	}

	binops(loc: location, head: expr, tail: [number, expr, location][]): expr {
		return tail.reduce(
			(l, [op, r, at]) => binop_expr_alloc(this.loc(loc.start, at.end), op, l, r),
			head,
		);
	}

	concat(loc: location, parts: expr[]): expr {
		return parts.length === 1 ? parts[0] : compound_expr_alloc(loc, EXPR_CONCAT, parts);
	}

	list(loc: location, parts: expr[]): expr {
		return compound_expr_alloc(loc, EXPR_LIST, parts);
	}

	multi(loc: location, e: expr, r: { prefix: number } | { to: expr } | null): expr {
		if (r === null) return e;
		if ('prefix' in r) return prefix_expr_alloc(loc, e, r.prefix);
		return range_expr_alloc(loc, e, r.to);
	}

	set_expr(loc: location, members: expr[]): expr {
		return compound_expr_alloc(loc, 15, members);
	}

	mapping(from: expr, to: expr): expr {
		return mapping_expr_alloc(from.location, from, to);
	}

	map_expr(loc: location, arg: expr, mappings: expr): expr {
		return map_expr_alloc(loc, arg, mappings);
	}

	set_elem(loc: location, key: expr, stmts: stmt[], options: elem_option[]): expr {
		const e = set_elem_expr_alloc(key.location, key);
		e.stmt_list = stmts;
		for (const o of options) {
			e.timeout = o.timeout ?? e.timeout;
			e.expiration = o.expires ?? e.expiration;
			if (o.comment !== undefined) {
				if (e.comment !== null) this.twice(loc);
				e.comment = o.comment;
			}
		}
		return e;
	}

	is_meta_word(w: string): boolean {
		return meta_words.has(w) || meta_unqualified.has(w);
	}

	is_meta_unqualified(w: string): boolean {
		return meta_unqualified.has(w);
	}

	meta_key(loc: location, word: string): number {
		const key = meta_key_lookup(word);
		if (key >= 0) return key;
		const known = meta_known.split(/\s+/).join(', ');
		this.error(loc, `syntax error, unexpected ${word}, known keys are ${known}`);
		return 0;
	}

	meta(loc: location, word: string): expr {
		return meta_expr_alloc(loc, this.meta_key(loc, word));
	}

	ct(loc: location, key: number, dir: number): expr {
		return ct_expr_alloc(loc, key, dir);
	}

	numgen(loc: location, type: number, mod: number, offset: number): expr {
		return numgen_expr_alloc(loc, type, mod, offset);
	}

	fib(loc: location, f: { flags: number; loc: location }, result: number): expr {
		if ((f.flags & 3) === 0) this.error(f.loc, 'fib: need either saddr or daddr');
		else if ((f.flags & 3) === 3)
			this.error(f.loc, 'fib: saddr and daddr are mutually exclusive');
		else if ((f.flags & 24) === 24)
			this.error(f.loc, 'fib: iif and oif are mutually exclusive');
		return fib_expr_alloc(loc, f.flags, result);
	}

	is_proto(w: string): boolean {
		return protos.has(w);
	}

	fields(name: string): string[] {
		const d = proto_find_name(name);
		return d === null
			? []
			: d.templates
					.filter((t) => t.offset >= 0 && t.meta_key < 0)
					.map((t) => t.token);
	}

	payload(loc: location, name: string, field: string): expr {
		const d = proto_find_name(name);
		if (d === null) return expr.nil;
		const e = payload_expr_alloc(loc, d, d.field(field));
		// ports of whatever transport there is
		if (name === 'th') e.is_raw = true;
		return e;
	}

	raw_payload(loc: location, base: string, offset: number, len: number): expr {
		const e = payload_expr_alloc(loc, null, 0);
		const b =
			base === 'll'
				? PROTO_BASE_LL_HDR
				: base === 'nh'
					? PROTO_BASE_NETWORK_HDR
					: PROTO_BASE_TRANSPORT_HDR;
		payload_init_raw(e, b, offset, len);
		e.byteorder = 2;
		e.is_raw = true;
		return e;
	}
}

/** Parses an input into commands. */
export function nft_parse(indesc: input_descriptor, state: parser_state): parse_result {
	const b = new builder(indesc, state);
	const lex = new lexer(indesc.data);
	try {
		parse(indesc.data, { lexer: lex, build: b });
	} catch (e) {
		// the input ended inside something
		if (!(e instanceof Error) || e.name !== 'SyntaxError') throw e;
		b.syntax_error(lex);
	}
	return { cmds: b.cmds, errors: b.errors };
}
