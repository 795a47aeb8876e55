// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, from text to what the kernel made of it.
 * Modelled on libnftables.c, cmd.c and the commands of rule.c of nftables 1.0.6.
 */

import {
	NLM_F_ACK,
	NLM_F_DUMP,
	type nfnl_err,
	nfnl_msg,
	type nlattrs,
	nla_nested_list,
} from '../../../../../include/net/netlink.ts';
import {
	NFTA_OBJ_NAME,
	NFTA_OBJ_TABLE,
	NFTA_OBJ_TYPE,
	NFTA_SET_ELEM_LIST_ELEMENTS,
	NFTA_SET_ELEM_LIST_SET,
	NFTA_SET_ELEM_LIST_TABLE,
	NFT_MSG_GETOBJ_RESET,
	NFT_MSG_GETSETELEM,
	NFT_OBJECT_COUNTER,
	NFT_SET_INTERVAL,
} from '../../../../../include/uapi/linux/netfilter/nf_tables.ts';
import { ENOENT } from '../../../../../include/uapi/linux/errno.ts';
import { cache_loader, type nft_door } from './cache.ts';
import type { iface_lookup, output_ctx } from './datatype.ts';
import { delinearize_obj } from './delinearize.ts';
import { error_record, erec_print, input_descriptor, location, nft_error } from './erec.ts';
import { ENOENT_TEXT, type eval_env } from './eval_expr.ts';
import { NFT_CACHE_CHAIN, evaluator } from './evaluate.ts';
import type { expr } from './expr.ts';
import {
	concat_range_aggregate,
	get_set_decompose,
	get_set_intervals,
	list_expr_sort,
} from './intervals.ts';
import { gen_set_elem } from './linearize.ts';
import { batch, nft_cmd_expand, nft_cmd_post_expand, nft_msg_type } from './mnl.ts';
import { strerror } from './names.ts';
import { nft_parse, parser_state } from './parser.ts';
import {
	chain_print,
	chain_print_declaration,
	family2str,
	flowtable_print,
	map_is_literal,
	nft_cache,
	type nft_cmd,
	nft_set,
	type nft_table,
	obj_print,
	set_is_literal,
	set_is_map,
	set_is_meter,
	set_is_non_concat_range,
	set_print,
	table_print,
	table_print_declaration,
} from './rule.ts';

const PARSER_MAX_ERRORS = 10;

/** What the tool needs of the world. */
export interface nft_world {
	door: nft_door;
	ifaces: iface_lookup;
	/** null if the file cannot be read */
	read_file(path: string): string | null;
}

/** A command that the kernel refused outright. */
class cmd_failure extends Error {
	errno: number;

	constructor(errno: number) {
		super(strerror(errno));
		this.errno = errno;
	}
}

/** One run of the tool. */
export class nft_ctx implements eval_env {
	world: nft_world;
	octx: output_ctx;
	cache = new nft_cache();
	ifaces: iface_lookup;
	set_id = 0;
	rule_id = 0;
	/** only evaluate */
	check = false;
	/** show what goes to the kernel and what it has */
	debug = false;
	/** name=value */
	vars: string[] = [];
	include_path: string[] = ['/etc'];
	out = '';
	msgs: error_record[] = [];
	loader: cache_loader;

	constructor(world: nft_world, flags: number) {
		this.world = world;
		this.ifaces = world.ifaces;
		this.octx = { flags, ifaces: world.ifaces };
		this.loader = new cache_loader(world.door, this.cache, this.msgs);
	}

	/* ---- listing */

	tables_of(cmd: nft_cmd): nft_table[] {
		return this.cache.tables.filter(
			(t) => cmd.handle.family === 0 || t.handle.family === cmd.handle.family,
		);
	}

	framed(t: nft_table, body: string): void {
		this.out += `${table_print_declaration(t.handle)}${body}}\n`;
	}

	list_objs(cmd: nft_cmd): void {
		const h = cmd.handle;
		for (const t of this.tables_of(cmd)) {
			if (h.table_name !== '' && h.table_name !== t.handle.table_name) continue;
			if (t.cache.objs.length === 0) continue;
			const objs = t.cache.objs.filter(
				(o) =>
					o.type === NFT_OBJECT_COUNTER &&
					(h.obj_name === '' || o.handle.obj_name === h.obj_name),
			);
			this.framed(t, objs.map((o) => obj_print(o, this.octx)).join(''));
		}
	}

	list_sets(cmd: nft_cmd, kind: (flags: number) => boolean): void {
		for (const t of this.tables_of(cmd))
			this.framed(
				t,
				t.cache.sets
					.filter((s) => kind(s.flags))
					.map((s) => set_print(s, this.octx))
					.join(''),
			);
	}

	list_set(cmd: nft_cmd, set: nft_set): void {
		const body = set_print(set, this.octx);
		this.out += `${table_print_declaration(cmd.handle)}${body}}\n`;
	}

	list(cmd: nft_cmd): void {
		const h = cmd.handle;
		const t = h.table_name === '' ? null : this.cache.table(h);
		switch (cmd.obj) {
			case 'table':
				if (t !== null) this.out += table_print(t, this.octx);
				break;
			case 'tables':
				for (const i of this.tables_of(cmd))
					this.out += `table ${family2str(i.handle.family)} ${i.handle.table_name}\n`;
				break;
			case 'ruleset':
				for (const i of this.tables_of(cmd))
					this.out += table_print(i, this.octx);
				break;
			case 'chain': {
				const c = t?.chain(h.chain_name) ?? null;
				if (t !== null)
					this.framed(t, c === null ? '' : chain_print(c, this.octx));
				break;
			}
			case 'chains':
				for (const i of this.tables_of(cmd))
					this.framed(
						i,
						i.cache.chains
							.map(
								(c) =>
									`${chain_print_declaration(c, this.octx)}\t}\n`,
							)
							.join(''),
					);
				break;
			case 'sets':
				this.list_sets(cmd, set_is_literal);
				break;
			case 'maps':
				this.list_sets(cmd, map_is_literal);
				break;
			case 'meters':
				this.list_sets(cmd, set_is_meter);
				break;
			case 'set':
			case 'map':
			case 'meter': {
				const set = t?.set(h.set_name) ?? null;
				if (set !== null) this.list_set(cmd, set);
				break;
			}
			case 'counter':
			case 'counters':
				this.list_objs(cmd);
				break;
			case 'flowtable': {
				const ft = t?.flowtable(h.ft_name) ?? null;
				if (t !== null && ft !== null)
					this.framed(t, flowtable_print(ft, this.octx));
				break;
			}
			case 'flowtables':
				for (const i of this.tables_of(cmd))
					this.framed(
						i,
						i.cache.flowtables
							.map((f) => flowtable_print(f, this.octx))
							.join(''),
					);
				break;
			default:
		}
	}

	reset(cmd: nft_cmd): void {
		const h = cmd.handle;
		const tb: nlattrs = new Map();
		if (h.table_name !== '') tb.set(NFTA_OBJ_TABLE, h.table_name);
		if (h.obj_name !== '') tb.set(NFTA_OBJ_NAME, h.obj_name);
		tb.set(NFTA_OBJ_TYPE, NFT_OBJECT_COUNTER);
		const dump = cmd.obj === 'counters';
		const req = new nfnl_msg(
			nft_msg_type(NFT_MSG_GETOBJ_RESET),
			dump ? NLM_F_DUMP : NLM_F_ACK,
			h.family,
			tb,
		);
		const r = dump ? this.world.door.dump(req) : this.world.door.get(req);
		if (typeof r === 'number') throw new cmd_failure(-r);
		for (const m of r) {
			const obj = delinearize_obj(m);
			const t = this.cache.table(obj.handle);
			if (t !== null && t.obj(obj.handle.obj_name, obj.type) === null)
				t.cache.objs.push(obj);
		}
		this.list(cmd);
	}

	get_elements(cmd: nft_cmd): void {
		const set = cmd.elem_set;
		const table = this.cache.table(cmd.handle);
		if (set === null || cmd.expr === null || table === null) return;
		const init = set_is_non_concat_range(set)
			? get_set_intervals(set, cmd.expr)
			: cmd.expr;
		const tb: nlattrs = new Map();
		tb.set(NFTA_SET_ELEM_LIST_TABLE, cmd.handle.table_name);
		tb.set(NFTA_SET_ELEM_LIST_SET, cmd.handle.set_name);
		tb.set(
			NFTA_SET_ELEM_LIST_ELEMENTS,
			init.expressions.map((e: expr) => gen_set_elem(init, e)),
		);
		const r = this.world.door.get(
			new nfnl_msg(
				nft_msg_type(NFT_MSG_GETSETELEM),
				NLM_F_ACK,
				cmd.handle.family,
				tb,
			),
		);
		if (typeof r === 'number') throw new cmd_failure(-r);
		const found = Object.assign(new nft_set(set.location), set);
		found.init = null;
		// lost on the way, as in the real tool
		found.comment = null;
		found.key_typeof_valid = false;
		found.stmt_list = [];
		const list = r.flatMap(
			(m) => nla_nested_list(m.tb, NFTA_SET_ELEM_LIST_ELEMENTS) ?? [],
		);
		const got = this.loader.delin.elems(table, found, list);
		if (set.flags & NFT_SET_INTERVAL && set.field_len.length > 1)
			concat_range_aggregate(got);
		else if (set.flags & NFT_SET_INTERVAL) {
			if (!get_set_decompose(set, found)) throw new cmd_failure(ENOENT);
		} else list_expr_sort(got.expressions);
		this.list_set(cmd, found);
	}

	/* ---- errors of the kernel */

	io_error(loc: location, msg: string): void {
		this.msgs.push(new error_record(msg, loc));
	}

	/* the object is not there, but there is one of a similar name */
	enoent(cmd: nft_cmd, loc: location): boolean {
		const h = cmd.handle;
		const table_hint = (t: nft_table, at: location): true => {
			this.io_error(
				at,
				`${ENOENT_TEXT}; did you mean table ‘${t.handle.table_name}’ in family ${family2str(t.handle.family)}?`,
			);
			return true;
		};
		const hint = (what: string, name: string, family: number, t: nft_table): true => {
			this.io_error(
				loc,
				`${ENOENT_TEXT}; did you mean ${what} ‘${name}’ in table ${family2str(family)} ‘${t.handle.table_name}’?`,
			);
			return true;
		};
		// the table itself comes first
		const other_table = (t: nft_table): boolean =>
			this.cache.table(h) === null &&
			(h.table_name !== t.handle.table_name || h.family !== t.handle.family);

		switch (cmd.obj) {
			case 'table': {
				const t =
					h.table_name === ''
						? null
						: this.cache.fuzzy_table(h.table_name);
				return t !== null && table_hint(t, loc);
			}
			case 'rule':
				this.loader.need(NFT_CACHE_CHAIN);
				break;
			default:
		}
		if (cmd.obj === 'chain' || cmd.obj === 'rule') {
			const near = this.cache.fuzzy_chain(h.chain_name);
			if (near === null) return false;
			if (other_table(near.table)) return table_hint(near.table, h.table_loc);
			const c = near.item.handle;
			if (cmd.obj === 'rule' && c.chain_name === h.chain_name) return false;
			return hint('chain', c.chain_name, near.table.handle.family, near.table);
		}
		if (cmd.obj === 'set' && h.set_name !== '') {
			const near = this.cache.fuzzy_set(h.set_name);
			if (near === null) return false;
			if (other_table(near.table)) return table_hint(near.table, h.table_loc);
			const s = near.item;
			return hint(
				set_is_map(s.flags) ? 'map' : 'set',
				s.handle.set_name,
				s.handle.family,
				near.table,
			);
		}
		if (cmd.obj === 'counter' && h.obj_name !== '') {
			const near = this.cache.fuzzy_obj(h.obj_name);
			if (near === null) return false;
			if (other_table(near.table)) return table_hint(near.table, h.table_loc);
			return hint(
				'obj',
				near.item.handle.obj_name,
				near.item.handle.family,
				near.table,
			);
		}
		if (cmd.obj === 'flowtable' && h.ft_name !== '') {
			const near = this.cache.fuzzy_flowtable(h.ft_name);
			if (near === null) return false;
			if (other_table(near.table)) return table_hint(near.table, h.table_loc);
			return hint(
				'flowtable',
				near.item.handle.ft_name,
				near.item.handle.family,
				near.table,
			);
		}
		return false;
	}

	cmd_error(cmd: nft_cmd, msg: number, err: nfnl_err): void {
		let loc: location | null = null;
		const { bad_attr, bad_index } = err.extack;
		for (const a of cmd.attrs)
			if (a.msg === msg && a.attr === bad_attr && a.index === bad_index)
				loc = a.location;
		const errno = -err.error;
		if (loc !== null && errno === ENOENT && this.enoent(cmd, loc)) return;
		this.io_error(loc ?? cmd.location, `Could not process rule: ${strerror(errno)}`);
	}

	/* ---- running */

	/* add element commands for one set that follow each other are evaluated as one */
	collapse(cmds: nft_cmd[]): { cmds: nft_cmd[]; undo: (list: nft_cmd[]) => nft_cmd[] } {
		const out: nft_cmd[] = [];
		const parts = new Map<nft_cmd, nft_cmd[]>();
		const owner = new Map<expr, nft_cmd>();
		let first: nft_cmd | null = null;
		for (const cmd of cmds) {
			const list =
				cmd.obj === 'elements' && (cmd.op === 'add' || cmd.op === 'create');
			const same =
				list &&
				first !== null &&
				cmd.op === first.op &&
				cmd.handle.family === first.handle.family &&
				cmd.handle.table_name === first.handle.table_name &&
				cmd.handle.set_name === first.handle.set_name;
			if (!same || first === null || first.expr === null || cmd.expr === null) {
				first = list ? cmd : null;
				out.push(cmd);
				continue;
			}
			for (const e of cmd.expr.expressions) owner.set(e, cmd);
			first.expr.expressions.push(...cmd.expr.expressions);
			first.expr.size += cmd.expr.size;
			cmd.expr.expressions = [];
			parts.set(first, [...(parts.get(first) ?? []), cmd]);
		}
		const undo = (list: nft_cmd[]): nft_cmd[] =>
			list.flatMap((cmd) => {
				const gone = parts.get(cmd);
				if (gone === undefined || cmd.expr === null) return [cmd];
				const mine: expr[] = [];
				for (const e of cmd.expr.expressions) {
					const o = owner.get(e);
					if (o === undefined) mine.push(e);
					else o.expr?.expressions.push(e);
				}
				cmd.expr.size -= cmd.expr.expressions.length - mine.length;
				cmd.expr.expressions = mine;
				for (const g of gone) g.elem_set = cmd.elem_set;
				return [cmd, ...gone.reverse()];
			});
		return { cmds: out, undo };
	}

	/* null: something was wrong */
	evaluate(cmds: nft_cmd[], nerrs: number): nft_cmd[] | null {
		try {
			if (this.debug) this.loader.debug = (text) => (this.out += text);
			this.loader.load_for(cmds, this.octx);
		} catch (e) {
			if (!(e instanceof nft_error)) throw e;
			this.msgs.push(...e.erecs);
			return null;
		}
		const collapsed = this.collapse(cmds);
		const expanded = collapsed.cmds.flatMap(nft_cmd_expand);
		const around = new Map<nft_cmd, evaluator>();
		for (const cmd of expanded) {
			const ev = new evaluator(this, cmd);
			around.set(cmd, ev);
			try {
				ev.run();
				if (ev.complaints.length > 0) throw new nft_error();
			} catch (e) {
				if (!(e instanceof nft_error)) throw e;
				this.msgs.push(...ev.complaints, ...e.erecs);
				if (++nerrs === PARSER_MAX_ERRORS) break;
			}
		}
		if (nerrs > 0) return null;
		return collapsed
			.undo(expanded)
			.flatMap((cmd) => {
				const ev = around.get(cmd);
				return ev === undefined ? [cmd] : [...ev.before, cmd, ...ev.after];
			})
			.flatMap(nft_cmd_post_expand);
	}

	netlink(cmds: nft_cmd[]): boolean {
		const b = new batch(this.cache);
		for (const cmd of cmds) {
			try {
				if (cmd.op === 'list') this.list(cmd);
				else if (cmd.op === 'reset') this.reset(cmd);
				else if (cmd.op === 'get') this.get_elements(cmd);
				else b.command(cmd);
			} catch (e) {
				if (!(e instanceof cmd_failure)) throw e;
				this.io_error(cmd.location, `Could not process rule: ${e.message}`);
				return false;
			}
		}
		if (this.debug) this.out += b.debug;
		if (b.msgs.length === 0) return true;
		// the kernel takes back what was left open
		const errors = this.world.door.batch(b.msgs, !this.check);
		for (const err of errors) {
			if (err.index < 0) for (const cmd of cmds) this.cmd_error(cmd, -1, err);
			else this.cmd_error(b.cmds[err.index], b.index[err.index], err);
		}
		return errors.length === 0;
	}

	/* parses, evaluates and runs */
	run(indesc: input_descriptor, state: parser_state): boolean {
		const r = nft_parse(indesc, state);
		this.msgs.push(...r.errors);
		const cmds = this.evaluate(r.cmds, r.errors.length);
		return cmds !== null && r.errors.length === 0 && this.netlink(cmds);
	}

	state(): parser_state {
		const state = new parser_state();
		state.read_file = (path) => {
			if (path.startsWith('/') || path.startsWith('./') || path.startsWith('../'))
				return this.world.read_file(path);
			for (const dir of this.include_path) {
				const text = this.world.read_file(`${dir}/${path}`);
				if (text !== null) return text;
			}
			return null;
		};
		return state;
	}

	/** Runs a command line. */
	run_cmd(text: string): boolean {
		return this.run(
			new input_descriptor('buffer', '<cmdline>', `${text}\n`),
			this.state(),
		);
	}

	/** Runs a text that comes from a file or, by the name of /dev/stdin, from standard input. */
	run_text(name: string, text: string | null): boolean {
		const state = this.state();
		for (const v of this.vars) {
			const [key, ...value] = v.split('=');
			const def = `define ${key}=${value.join('=')}; \n`;
			const r = nft_parse(
				new input_descriptor('buffer', '<cmdline>', def),
				state,
			);
			this.msgs.push(...r.errors);
			if (r.errors.length > 0) return false;
		}
		if (text === null) {
			const loc = new location(
				new input_descriptor('internal', 'internal'),
				0,
				0,
			);
			this.io_error(loc, `Could not open file "${name}": ${ENOENT_TEXT}\n`);
			return false;
		}
		return this.run(new input_descriptor('file', name, text), state);
	}

	/** What is to be said on standard error. */
	errors(): string {
		return this.msgs.map(erec_print).join('');
	}
}
