// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, what the commands need to know of the kernel's state.
 * Modelled on cache.c of nftables 1.0.6: the commands decide what is asked for.
 */

import {
	NLM_F_ACK,
	NLM_F_DUMP,
	type nfnl_err,
	nfnl_msg,
	type nlattrs,
	nla_nested_list,
	nla_strdup,
} from '../../../../../include/net/netlink.ts';
import {
	NFTA_CHAIN_NAME,
	NFTA_CHAIN_TABLE,
	NFTA_FLOWTABLE_NAME,
	NFTA_FLOWTABLE_TABLE,
	NFTA_OBJ_TABLE,
	NFTA_RULE_CHAIN,
	NFTA_RULE_TABLE,
	NFTA_SET_ELEM_LIST_ELEMENTS,
	NFTA_SET_ELEM_LIST_SET,
	NFTA_SET_ELEM_LIST_TABLE,
	NFTA_SET_NAME,
	NFTA_SET_TABLE,
	NFTA_TABLE_NAME,
	NFT_CHAIN_BINDING,
	NFT_MSG_GETCHAIN,
	NFT_MSG_GETFLOWTABLE,
	NFT_MSG_GETOBJ,
	NFT_MSG_GETRULE,
	NFT_MSG_GETSET,
	NFT_MSG_GETSETELEM,
	NFT_MSG_GETTABLE,
} from '../../../../../include/uapi/linux/netfilter/nf_tables.ts';
import { NFT_CTX_OUTPUT_TERSE, type output_ctx } from './datatype.ts';
import {
	type delinearize_env,
	delinearize_chain,
	delinearize_flowtable,
	delinearize_obj,
	delinearize_table,
	delinearizer,
} from './delinearize.ts';
import { kernel_elem_text, kernel_rule_text } from './debug.ts';
import type { error_record } from './erec.ts';
import { fail, type location } from './erec.ts';
import {
	NFT_CACHE_CHAIN,
	NFT_CACHE_FLOWTABLE,
	NFT_CACHE_FLUSHED,
	NFT_CACHE_FULL,
	NFT_CACHE_OBJECT,
	NFT_CACHE_RULE,
	NFT_CACHE_SET,
	NFT_CACHE_SETELEM,
	NFT_CACHE_SETELEM_MAYBE,
	NFT_CACHE_TABLE,
	NFT_CACHE_TERSE,
	NFT_CACHE_UPDATE,
} from './evaluate.ts';
import { nft_msg_type } from './mnl.ts';
import type { handle, nft_cache } from './rule.ts';
import {
	family2str,
	type nft_cmd,
	type nft_set,
	type nft_table,
	set_is_anonymous,
	set_is_non_concat_range,
} from './rule.ts';

const NFT_NAME_MAXLEN = 128;
const has = (flags: number, what: number): boolean => (flags & what) === what;

/** The kernel's side of the tool: the door that include/net/netlink.ts describes, of one namespace. */
export interface nft_door {
	/** @param end false: only try, take nothing over */
	batch(msgs: nfnl_msg[], end: boolean): nfnl_err[];
	dump(req: nfnl_msg): nfnl_msg[] | number;
	get(req: nfnl_msg): nfnl_msg[] | number;
}

/** What a listing command restricts its questions to. */
class cache_filter {
	family = 0;
	table = '';
	chain = '';
	set = '';
	ft = '';
	/** sets that are flushed: their elements are not needed */
	flushed: handle[] = [];

	clear(): void {
		this.family = 0;
		this.table = '';
		this.chain = '';
		this.set = '';
		this.ft = '';
	}
}

function flags_add(cmd: nft_cmd, flags: number): number {
	switch (cmd.obj) {
		case 'table':
			if (cmd.table === null) return flags;
			flags |=
				NFT_CACHE_CHAIN |
				NFT_CACHE_SET |
				NFT_CACHE_OBJECT |
				NFT_CACHE_FLOWTABLE;
			return cmd.table.decl.sets.some((s) => s.automerge)
				? flags | NFT_CACHE_SETELEM_MAYBE
				: flags;
		case 'elements':
			return (
				flags |
				NFT_CACHE_CHAIN |
				NFT_CACHE_SET |
				NFT_CACHE_OBJECT |
				NFT_CACHE_SETELEM_MAYBE
			);
		case 'rule':
			flags |=
				NFT_CACHE_CHAIN |
				NFT_CACHE_SET |
				NFT_CACHE_OBJECT |
				NFT_CACHE_FLOWTABLE;
			if (cmd.handle.index_id || cmd.handle.position_id)
				flags |= NFT_CACHE_RULE | NFT_CACHE_UPDATE;
			return flags;
		default:
			return flags | NFT_CACHE_TABLE;
	}
}

function flags_list(cmd: nft_cmd, filter: cache_filter, octx: output_ctx): number {
	const h = cmd.handle;
	const terse = octx.flags & NFT_CTX_OUTPUT_TERSE ? NFT_CACHE_TERSE : 0;
	const restrict = (): void => {
		filter.family = h.family;
		filter.table = h.table_name;
	};
	switch (cmd.obj) {
		case 'table':
			restrict();
			return NFT_CACHE_FULL;
		case 'chain':
			restrict();
			filter.chain = h.chain_name;
			return NFT_CACHE_FULL;
		case 'set':
		case 'map':
			restrict();
			filter.set = h.set_name;
			return NFT_CACHE_TABLE | NFT_CACHE_SET | NFT_CACHE_SETELEM;
		case 'chains':
			return NFT_CACHE_CHAIN;
		case 'sets':
		case 'maps':
			return NFT_CACHE_SETELEM | terse;
		case 'flowtable':
			restrict();
			filter.ft = h.ft_name;
			return NFT_CACHE_FLOWTABLE;
		case 'flowtables':
			return NFT_CACHE_FLOWTABLE;
		case 'ruleset':
			return NFT_CACHE_FULL | terse;
		default:
			return NFT_CACHE_FULL;
	}
}

function check_name(name: string, loc: location): void {
	if (name.length > NFT_NAME_MAXLEN)
		fail(`name too long, ${NFT_NAME_MAXLEN} characters maximum allowed`, loc);
}

/** What the commands need to know. Throws nft_error for names that cannot be. */
function nft_cache_evaluate(
	cmds: readonly nft_cmd[],
	filter: cache_filter,
	octx: output_ctx,
): number {
	let flags = 0;
	for (const cmd of cmds) {
		const h = cmd.handle;
		check_name(h.table_name, h.table_loc);
		check_name(h.chain_name, h.chain_loc);
		check_name(h.set_name, h.set_loc);
		check_name(h.ft_name, h.ft_loc);
		check_name(h.obj_name, h.obj_loc);
		if (filter.table !== '' && cmd.op !== 'list') filter.clear();
		switch (cmd.op) {
			case 'add':
			case 'insert':
			case 'create':
				flags = flags_add(cmd, flags);
				break;
			case 'replace':
				flags = NFT_CACHE_FULL;
				break;
			case 'delete':
				flags |=
					NFT_CACHE_CHAIN |
					NFT_CACHE_SET |
					NFT_CACHE_FLOWTABLE |
					NFT_CACHE_OBJECT;
				if (cmd.obj === 'elements') flags |= NFT_CACHE_SETELEM_MAYBE;
				break;
			case 'get':
				flags |= NFT_CACHE_SETELEM;
				break;
			case 'reset':
				flags |= NFT_CACHE_TABLE;
				break;
			case 'list':
				flags |= flags_list(cmd, filter, octx);
				break;
			case 'flush':
				if (cmd.obj === 'ruleset') flags |= NFT_CACHE_FLUSHED;
				else if (cmd.obj !== 'table' && cmd.obj !== 'chain') {
					flags |= NFT_CACHE_SET;
					filter.flushed.push(h);
				}
				break;
			case 'rename':
				flags |= NFT_CACHE_CHAIN;
				break;
		}
	}
	return flags;
}

/** Fills the cache through the door. */
export class cache_loader implements delinearize_env {
	door: nft_door;
	cache: nft_cache;
	errors: error_record[];
	delin: delinearizer;
	/** Hears of sets and rules as the kernel has them. */
	debug: ((text: string) => void) | null = null;

	constructor(door: nft_door, cache: nft_cache, errors: error_record[]) {
		this.door = door;
		this.cache = cache;
		this.errors = errors;
		this.delin = new delinearizer(this);
	}

	/* what is not there is an empty answer */
	ask(msg: number, family: number, tb: nlattrs, one = false): nfnl_msg[] {
		const req = new nfnl_msg(
			nft_msg_type(msg),
			one ? NLM_F_ACK : NLM_F_DUMP,
			family,
			tb,
		);
		const r = one ? this.door.get(req) : this.door.dump(req);
		return typeof r === 'number' ? [] : r;
	}

	names(...pairs: [number, string][]): nlattrs {
		return new Map(pairs.filter((p) => p[1] !== ''));
	}

	of(table: nft_table, all: nfnl_msg[], attr: number): nfnl_msg[] {
		return all.filter(
			(m) =>
				m.nfgen_family === table.handle.family &&
				nla_strdup(m.tb, attr) === table.handle.table_name,
		);
	}

	load_elems(table: nft_table, set: nft_set): void {
		const h = set.handle;
		const tb = this.names(
			[NFTA_SET_ELEM_LIST_TABLE, h.table_name],
			[NFTA_SET_ELEM_LIST_SET, h.set_name],
		);
		const req = new nfnl_msg(
			nft_msg_type(NFT_MSG_GETSETELEM),
			NLM_F_DUMP,
			h.family,
			tb,
		);
		const r = this.door.dump(req);
		if (typeof r === 'number') return;
		const list = r.flatMap(
			(m) => nla_nested_list(m.tb, NFTA_SET_ELEM_LIST_ELEMENTS) ?? [],
		);
		if (this.debug !== null) {
			const elems = list.map((e) => `${kernel_elem_text(e)}\n`).join('');
			this.debug(
				`${family2str(h.family)} ${h.table_name} @${h.set_name}\n${elems}`,
			);
		}
		this.delin.set_elems(table, set, list);
	}

	add_chains(table: nft_table, all: nfnl_msg[]): void {
		for (const m of this.of(table, all, NFTA_CHAIN_TABLE)) {
			const c = delinearize_chain(m);
			(c.flags & NFT_CHAIN_BINDING
				? table.chain_bindings
				: table.cache.chains
			).push(c);
		}
	}

	load_chain(table: nft_table, name: string): void {
		const h = table.handle;
		const tb = this.names([NFTA_CHAIN_TABLE, h.table_name], [NFTA_CHAIN_NAME, name]);
		this.add_chains(table, this.ask(NFT_MSG_GETCHAIN, h.family, tb, true));
	}

	load_rules(table: nft_table, filter_table: string, chain: string): void {
		const h = table.handle;
		const tb = this.names([NFTA_RULE_TABLE, filter_table]);
		if (filter_table !== '' && chain !== '') tb.set(NFTA_RULE_CHAIN, chain);
		for (const m of this.of(
			table,
			this.ask(NFT_MSG_GETRULE, h.family, tb),
			NFTA_RULE_TABLE,
		)) {
			this.debug?.(kernel_rule_text(m.nfgen_family, m.tb));
			const rule = this.delin.rule(table, m);
			const name = rule.handle.chain_name;
			const c =
				table.chain(name) ??
				table.chain_bindings.find((b) => b.handle.chain_name === name);
			c?.rules.push(rule);
		}
	}

	load_table(table: nft_table, flags: number, f: cache_filter): void {
		const h = table.handle;
		if (has(flags, NFT_CACHE_SET)) {
			const tb = this.names([NFTA_SET_TABLE, f.table], [NFTA_SET_NAME, f.set]);
			const all = this.ask(NFT_MSG_GETSET, f.family, tb, f.set !== '');
			for (const m of this.of(table, all, NFTA_SET_TABLE)) {
				const set = this.delin.set(table, m);
				if (set !== null) table.cache.sets.push(set);
			}
			for (const set of table.cache.sets) {
				const flushed = f.flushed.some(
					(s) =>
						s.family === h.family &&
						s.table_name === h.table_name &&
						s.set_name === set.handle.set_name,
				);
				if (flushed) continue;
				if (has(flags, NFT_CACHE_SETELEM)) {
					if (
						set_is_anonymous(set.flags) ||
						!(flags & NFT_CACHE_TERSE)
					)
						this.load_elems(table, set);
				} else if (
					flags & NFT_CACHE_SETELEM_MAYBE &&
					set_is_non_concat_range(set)
				)
					this.load_elems(table, set);
			}
		}
		if (has(flags, NFT_CACHE_CHAIN)) {
			const one = f.table !== '' && f.chain !== '';
			const tb = one
				? this.names(
						[NFTA_CHAIN_TABLE, f.table],
						[NFTA_CHAIN_NAME, f.chain],
					)
				: this.names();
			this.add_chains(
				table,
				this.ask(NFT_MSG_GETCHAIN, one ? f.family : 0, tb, one),
			);
		}
		if (has(flags, NFT_CACHE_FLOWTABLE)) {
			const tb = this.names(
				[NFTA_FLOWTABLE_TABLE, f.table],
				[NFTA_FLOWTABLE_NAME, f.ft],
			);
			const all = this.ask(NFT_MSG_GETFLOWTABLE, f.family, tb, f.ft !== '');
			for (const m of this.of(table, all, NFTA_FLOWTABLE_TABLE))
				table.cache.flowtables.push(delinearize_flowtable(m));
		}
		if (has(flags, NFT_CACHE_OBJECT)) {
			const tb = this.names([NFTA_OBJ_TABLE, h.table_name]);
			for (const m of this.ask(NFT_MSG_GETOBJ, h.family, tb))
				table.cache.objs.push(delinearize_obj(m));
		}
		if (has(flags, NFT_CACHE_RULE)) {
			this.load_rules(table, f.table, f.chain);
			// blocks in the rules of the one chain, and blocks in these
			if (f.table !== '' && f.chain !== '')
				for (const c of table.chain_bindings)
					this.load_rules(table, h.table_name, c.handle.chain_name);
		}
	}

	/** Asks the kernel. */
	load(flags: number, f: cache_filter): void {
		this.cache.tables = [];
		this.cache.flags = flags;
		if (flags & NFT_CACHE_FLUSHED) {
			this.cache.flags = flags & NFT_CACHE_UPDATE;
			return;
		}
		if (flags === 0) return;
		const one = f.table !== '';
		const tb = this.names([NFTA_TABLE_NAME, f.table]);
		for (const m of this.ask(NFT_MSG_GETTABLE, f.family, tb, one))
			this.cache.tables.push(delinearize_table(m));
		for (const t of this.cache.tables) this.load_table(t, flags, f);
	}

	/** Asks for what the commands need. Throws nft_error. */
	load_for(cmds: readonly nft_cmd[], octx: output_ctx): void {
		const filter = new cache_filter();
		const flags = nft_cache_evaluate(cmds, filter, octx);
		this.load(flags, filter);
	}

	/** Asks for more if it is not known yet. */
	need(flags: number): void {
		if (!has(this.cache.flags, flags)) this.load(flags, new cache_filter());
	}
}
