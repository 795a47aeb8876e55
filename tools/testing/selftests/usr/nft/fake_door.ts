// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, a door with nothing behind it, for tests of the program alone.
 * Keeps tables, chains, rules, sets, elements, counters and flowtables as they are sent and gives them
 * back as dumps; knows the errors that a wrong name or a second object of a name cause. Nothing here
 * looks at packets, checks expressions or counts references.
 */

import {
	NLM_F_APPEND,
	NLM_F_EXCL,
	NLM_F_REPLACE,
	netlink_ext_ack,
	nfnl_err,
	nfnl_msg,
	type nlattrs,
	nla_data,
	nla_get_u32,
	nla_get_u64,
	nla_nested_list,
	nla_parse_nested,
	nla_strdup,
} from '../../../../../include/net/netlink.ts';
import { EEXIST, ENOENT, EOPNOTSUPP } from '../../../../../include/uapi/linux/errno.ts';
import {
	NFTA_CHAIN_FLAGS,
	NFTA_CHAIN_HANDLE,
	NFTA_CHAIN_HOOK,
	NFTA_CHAIN_ID,
	NFTA_CHAIN_NAME,
	NFTA_CHAIN_POLICY,
	NFTA_CHAIN_TABLE,
	NFTA_COUNTER_BYTES,
	NFTA_COUNTER_PACKETS,
	NFTA_DATA_VALUE,
	NFTA_DATA_VERDICT,
	NFTA_DYNSET_SET_ID,
	NFTA_DYNSET_SET_NAME,
	NFTA_EXPR_DATA,
	NFTA_EXPR_NAME,
	NFTA_FLOWTABLE_HANDLE,
	NFTA_FLOWTABLE_NAME,
	NFTA_FLOWTABLE_TABLE,
	NFTA_IMMEDIATE_DATA,
	NFTA_LOG_GROUP,
	NFTA_LOG_LEVEL,
	NFTA_LOOKUP_SET,
	NFTA_LOOKUP_SET_ID,
	NFTA_OBJREF_SET_ID,
	NFTA_OBJREF_SET_NAME,
	NFTA_OBJ_DATA,
	NFTA_OBJ_HANDLE,
	NFTA_OBJ_NAME,
	NFTA_OBJ_TABLE,
	NFTA_RULE_CHAIN,
	NFTA_RULE_CHAIN_ID,
	NFTA_RULE_EXPRESSIONS,
	NFTA_RULE_HANDLE,
	NFTA_RULE_ID,
	NFTA_RULE_POSITION,
	NFTA_RULE_POSITION_ID,
	NFTA_RULE_TABLE,
	NFTA_SET_DATA_LEN,
	NFTA_SET_DATA_TYPE,
	NFTA_SET_ELEM_DATA,
	NFTA_SET_ELEM_FLAGS,
	NFTA_SET_ELEM_KEY,
	NFTA_SET_ELEM_KEY_END,
	NFTA_SET_ELEM_LIST_ELEMENTS,
	NFTA_SET_ELEM_LIST_SET,
	NFTA_SET_ELEM_LIST_SET_ID,
	NFTA_SET_ELEM_LIST_TABLE,
	NFTA_SET_HANDLE,
	NFTA_SET_ID,
	NFTA_SET_NAME,
	NFTA_SET_TABLE,
	NFTA_TABLE_HANDLE,
	NFTA_TABLE_NAME,
	NFTA_VERDICT_CHAIN,
	NFTA_VERDICT_CHAIN_ID,
	NFT_CHAIN_BINDING,
	NFT_DATA_VERDICT,
	NFT_LOGLEVEL_WARNING,
	NFT_MSG_DELCHAIN,
	NFT_MSG_DELFLOWTABLE,
	NFT_MSG_DELOBJ,
	NFT_MSG_DELRULE,
	NFT_MSG_DELSET,
	NFT_MSG_DELSETELEM,
	NFT_MSG_DELTABLE,
	NFT_MSG_GETCHAIN,
	NFT_MSG_GETFLOWTABLE,
	NFT_MSG_GETOBJ,
	NFT_MSG_GETOBJ_RESET,
	NFT_MSG_GETRULE,
	NFT_MSG_GETSET,
	NFT_MSG_GETSETELEM,
	NFT_MSG_GETTABLE,
	NFT_MSG_NEWCHAIN,
	NFT_MSG_NEWFLOWTABLE,
	NFT_MSG_NEWOBJ,
	NFT_MSG_NEWRULE,
	NFT_MSG_NEWSET,
	NFT_MSG_NEWSETELEM,
	NFT_MSG_NEWTABLE,
} from '../../../../../include/uapi/linux/netfilter/nf_tables.ts';
import type { nft_door } from './cache.ts';
import { nft_msg_type } from './mnl.ts';

class fake_rule {
	tb: nlattrs;
	handle: number;
	id: number;

	constructor(tb: nlattrs, handle: number, id: number) {
		this.tb = tb;
		this.handle = handle;
		this.id = id;
	}
}

class fake_chain {
	tb: nlattrs;
	handle: number;
	rules: fake_rule[] = [];

	constructor(tb: nlattrs, handle: number) {
		this.tb = tb;
		this.handle = handle;
	}
}

class fake_set {
	tb: nlattrs;
	handle: number;
	elems: nlattrs[] = [];

	constructor(tb: nlattrs, handle: number) {
		this.tb = tb;
		this.handle = handle;
	}
}

class fake_table {
	family: number;
	tb: nlattrs;
	handle: number;
	next_handle = 1;
	chains = new Map<string, fake_chain>();
	sets = new Map<string, fake_set>();
	objs = new Map<string, nlattrs>();
	flowtables = new Map<string, nlattrs>();

	constructor(family: number, tb: nlattrs, handle: number) {
		this.family = family;
		this.tb = tb;
		this.handle = handle;
	}

	get name(): string {
		return nla_strdup(this.tb, NFTA_TABLE_NAME) ?? '';
	}
}

class refusal extends Error {
	errno: number;
	attr: number;
	index: number;

	constructor(errno: number, attr: number, index: number) {
		super(`errno ${errno}`);
		this.errno = errno;
		this.attr = attr;
		this.index = index;
	}
}

function refuse(errno: number, attr = -1, index = -1): never {
	throw new refusal(errno, attr, index);
}

function hex(tb: nlattrs, attr: number): string {
	const d = nla_parse_nested(tb, attr);
	const v = d === null ? null : nla_data(d, NFTA_DATA_VALUE);
	return v === null ? '' : Array.from(v, (b) => b.toString(16).padStart(2, '0')).join('');
}

function elem_id(tb: nlattrs): string {
	return `${hex(tb, NFTA_SET_ELEM_KEY)}-${hex(tb, NFTA_SET_ELEM_KEY_END)}/${nla_get_u32(tb, NFTA_SET_ELEM_FLAGS) ?? 0}`;
}

/** Names that only this transaction knows. */
class transaction {
	sets = new Map<number, string>();
	chains = new Map<number, string>();
}

/** The door. */
export class fake_door implements nft_door {
	tables: fake_table[] = [];
	next_handle = 1;
	/** messages that were sent so far */
	seen: nfnl_msg[] = [];

	find(family: number, name: string | null, attr: number): fake_table {
		const t = this.tables.find((x) => x.family === family && x.name === name);
		return t ?? refuse(ENOENT, attr);
	}

	anonymous(pattern: string, taken: (name: string) => boolean): string {
		for (let n = 0; ; n++) {
			const name = pattern.replace('%d', String(n));
			if (!taken(name)) return name;
		}
	}

	/* what refers to something new by number gets its name */
	resolve(tr: transaction, t: fake_table, list: nlattrs[]): nlattrs[] {
		const named = (tb: nlattrs, name: number, id: number): nlattrs => {
			const n = nla_get_u32(tb, id);
			const out = new Map(tb);
			out.delete(id);
			const real = n === null ? undefined : tr.sets.get(n);
			if (real !== undefined && !t.sets.has(nla_strdup(tb, name) ?? ''))
				out.set(name, real);
			return out;
		};
		return list.map((e) => {
			const name = nla_strdup(e, NFTA_EXPR_NAME) ?? '';
			let d = new Map(nla_parse_nested(e, NFTA_EXPR_DATA) ?? []);
			if (name === 'lookup') d = named(d, NFTA_LOOKUP_SET, NFTA_LOOKUP_SET_ID);
			else if (name === 'dynset')
				d = named(d, NFTA_DYNSET_SET_NAME, NFTA_DYNSET_SET_ID);
			else if (name === 'objref')
				d = named(d, NFTA_OBJREF_SET_NAME, NFTA_OBJREF_SET_ID);
			else if (name === 'immediate')
				d = this.resolve_verdict(tr, d, NFTA_IMMEDIATE_DATA);
			else if (name === 'log' && !d.has(NFTA_LOG_GROUP) && !d.has(NFTA_LOG_LEVEL))
				d.set(NFTA_LOG_LEVEL, NFT_LOGLEVEL_WARNING);
			return new Map<number, string | nlattrs>([
				[NFTA_EXPR_NAME, name],
				[NFTA_EXPR_DATA, d],
			]);
		});
	}

	resolve_verdict(tr: transaction, tb: nlattrs, attr: number): nlattrs {
		const d = nla_parse_nested(tb, attr);
		const v = d === null ? null : nla_parse_nested(d, NFTA_DATA_VERDICT);
		const id = v === null ? null : nla_get_u32(v, NFTA_VERDICT_CHAIN_ID);
		const name = id === null ? undefined : tr.chains.get(id);
		if (v === null || name === undefined) return tb;
		const inner = new Map(v).set(NFTA_VERDICT_CHAIN, name);
		inner.delete(NFTA_VERDICT_CHAIN_ID);
		return new Map(tb).set(attr, new Map([[NFTA_DATA_VERDICT, inner]]));
	}

	new_table(m: nfnl_msg): void {
		const name = nla_strdup(m.tb, NFTA_TABLE_NAME);
		const old = this.tables.find((t) => t.family === m.nfgen_family && t.name === name);
		if (old === undefined)
			this.tables.push(new fake_table(m.nfgen_family, m.tb, this.next_handle++));
		else if (m.flags & NLM_F_EXCL) refuse(EEXIST, NFTA_TABLE_NAME);
	}

	del_table(m: nfnl_msg): void {
		const name = nla_strdup(m.tb, NFTA_TABLE_NAME);
		const handle = nla_get_u64(m.tb, NFTA_TABLE_HANDLE);
		if (name === null && handle === null) {
			this.tables = this.tables.filter(
				(t) => m.nfgen_family !== 0 && t.family !== m.nfgen_family,
			);
			return;
		}
		const n = this.tables.findIndex(
			(t) =>
				t.family === m.nfgen_family &&
				(name === null ? t.handle === handle : t.name === name),
		);
		if (n < 0) refuse(ENOENT, name === null ? NFTA_TABLE_HANDLE : NFTA_TABLE_NAME);
		this.tables.splice(n, 1);
	}

	new_chain(tr: transaction, m: nfnl_msg): void {
		const t = this.find(
			m.nfgen_family,
			nla_strdup(m.tb, NFTA_CHAIN_TABLE),
			NFTA_CHAIN_TABLE,
		);
		let name = nla_strdup(m.tb, NFTA_CHAIN_NAME);
		const tb = new Map(m.tb);
		const handle = nla_get_u64(tb, NFTA_CHAIN_HANDLE);
		if (handle !== null) {
			for (const [old, c] of [...t.chains]) {
				if (c.handle !== handle || name === null) continue;
				t.chains.delete(old);
				c.tb = new Map(c.tb).set(NFTA_CHAIN_NAME, name);
				t.chains.set(name, c);
			}
			return;
		}
		if (name === null) {
			name = this.anonymous('__chain%d', (n) => t.chains.has(n));
			tr.chains.set(nla_get_u32(tb, NFTA_CHAIN_ID) ?? 0, name);
			tb.set(NFTA_CHAIN_NAME, name);
			tb.set(NFTA_CHAIN_FLAGS, NFT_CHAIN_BINDING);
		}
		tb.delete(NFTA_CHAIN_ID);
		const old = t.chains.get(name);
		if (old !== undefined) {
			if (m.flags & NLM_F_EXCL) refuse(EEXIST, NFTA_CHAIN_NAME);
			const policy = nla_get_u32(tb, NFTA_CHAIN_POLICY);
			if (policy !== null)
				old.tb = new Map(old.tb).set(NFTA_CHAIN_POLICY, policy);
			return;
		}
		if (tb.has(NFTA_CHAIN_HOOK) && !tb.has(NFTA_CHAIN_POLICY))
			tb.set(NFTA_CHAIN_POLICY, 1);
		t.chains.set(name, new fake_chain(tb, t.next_handle++));
	}

	del_chain(m: nfnl_msg): void {
		const t = this.find(
			m.nfgen_family,
			nla_strdup(m.tb, NFTA_CHAIN_TABLE),
			NFTA_CHAIN_TABLE,
		);
		const name = nla_strdup(m.tb, NFTA_CHAIN_NAME) ?? '';
		if (!t.chains.delete(name)) refuse(ENOENT, NFTA_CHAIN_NAME);
	}

	rule_chain(tr: transaction, t: fake_table, tb: nlattrs): fake_chain {
		const id = nla_get_u32(tb, NFTA_RULE_CHAIN_ID);
		const name = id === null ? nla_strdup(tb, NFTA_RULE_CHAIN) : tr.chains.get(id);
		return t.chains.get(name ?? '') ?? refuse(ENOENT, NFTA_RULE_CHAIN);
	}

	new_rule(tr: transaction, m: nfnl_msg): void {
		const t = this.find(
			m.nfgen_family,
			nla_strdup(m.tb, NFTA_RULE_TABLE),
			NFTA_RULE_TABLE,
		);
		const chain = this.rule_chain(tr, t, m.tb);
		const tb = new Map(m.tb);
		tb.set(NFTA_RULE_CHAIN, nla_strdup(chain.tb, NFTA_CHAIN_NAME) ?? '');
		tb.set(
			NFTA_RULE_EXPRESSIONS,
			this.resolve(tr, t, nla_nested_list(tb, NFTA_RULE_EXPRESSIONS) ?? []),
		);
		for (const [n, e] of (nla_nested_list(tb, NFTA_RULE_EXPRESSIONS) ?? []).entries()) {
			const d = nla_parse_nested(e, NFTA_EXPR_DATA);
			const data = d === null ? null : nla_parse_nested(d, NFTA_IMMEDIATE_DATA);
			const v = data === null ? null : nla_parse_nested(data, NFTA_DATA_VERDICT);
			const target = v === null ? null : nla_strdup(v, NFTA_VERDICT_CHAIN);
			if (target !== null && !t.chains.has(target))
				refuse(ENOENT, NFTA_RULE_EXPRESSIONS, n);
		}
		for (const a of [
			NFTA_RULE_CHAIN_ID,
			NFTA_RULE_ID,
			NFTA_RULE_POSITION,
			NFTA_RULE_POSITION_ID,
		])
			tb.delete(a);
		const rule = new fake_rule(
			tb,
			t.next_handle++,
			nla_get_u32(m.tb, NFTA_RULE_ID) ?? 0,
		);
		const at = (attr: number, ok: (r: fake_rule) => boolean): number => {
			const n = chain.rules.findIndex(ok);
			return n < 0 ? refuse(ENOENT, attr) : n;
		};
		if (m.flags & NLM_F_REPLACE) {
			const handle = nla_get_u64(m.tb, NFTA_RULE_HANDLE);
			chain.rules.splice(
				at(NFTA_RULE_HANDLE, (r) => r.handle === handle),
				1,
				rule,
			);
			return;
		}
		const append = Boolean(m.flags & NLM_F_APPEND);
		const position = nla_get_u64(m.tb, NFTA_RULE_POSITION);
		const id = nla_get_u32(m.tb, NFTA_RULE_POSITION_ID);
		let n = append ? chain.rules.length : 0;
		if (position !== null)
			n = at(NFTA_RULE_POSITION, (r) => r.handle === position) + (append ? 1 : 0);
		else if (id !== null)
			n = at(NFTA_RULE_POSITION_ID, (r) => r.id === id) + (append ? 1 : 0);
		chain.rules.splice(n, 0, rule);
	}

	del_rule(tr: transaction, m: nfnl_msg): void {
		const t = this.find(
			m.nfgen_family,
			nla_strdup(m.tb, NFTA_RULE_TABLE),
			NFTA_RULE_TABLE,
		);
		const handle = nla_get_u64(m.tb, NFTA_RULE_HANDLE);
		if (!m.tb.has(NFTA_RULE_CHAIN)) {
			for (const c of t.chains.values()) c.rules = [];
			return;
		}
		const chain = this.rule_chain(tr, t, m.tb);
		if (handle === null) {
			chain.rules = [];
			return;
		}
		const n = chain.rules.findIndex((r) => r.handle === handle);
		if (n < 0) refuse(ENOENT, NFTA_RULE_HANDLE);
		chain.rules.splice(n, 1);
	}

	new_set(tr: transaction, m: nfnl_msg): void {
		const t = this.find(
			m.nfgen_family,
			nla_strdup(m.tb, NFTA_SET_TABLE),
			NFTA_SET_TABLE,
		);
		const name = this.anonymous(nla_strdup(m.tb, NFTA_SET_NAME) ?? '', (n) =>
			(nla_strdup(m.tb, NFTA_SET_NAME) ?? '').includes('%')
				? t.sets.has(n)
				: false,
		);
		tr.sets.set(nla_get_u32(m.tb, NFTA_SET_ID) ?? 0, name);
		if (t.sets.has(name)) {
			if (m.flags & NLM_F_EXCL) refuse(EEXIST, NFTA_SET_NAME);
			return;
		}
		const tb = new Map(m.tb).set(NFTA_SET_NAME, name);
		tb.delete(NFTA_SET_ID);
		if (nla_get_u32(tb, NFTA_SET_DATA_TYPE) === NFT_DATA_VERDICT)
			tb.set(NFTA_SET_DATA_LEN, 16);
		t.sets.set(name, new fake_set(tb, t.next_handle++));
	}

	del_set(m: nfnl_msg): void {
		const t = this.find(
			m.nfgen_family,
			nla_strdup(m.tb, NFTA_SET_TABLE),
			NFTA_SET_TABLE,
		);
		if (!t.sets.delete(nla_strdup(m.tb, NFTA_SET_NAME) ?? ''))
			refuse(ENOENT, NFTA_SET_NAME);
	}

	elem_set(tr: transaction, m: nfnl_msg): fake_set {
		const t = this.find(
			m.nfgen_family,
			nla_strdup(m.tb, NFTA_SET_ELEM_LIST_TABLE),
			NFTA_SET_ELEM_LIST_TABLE,
		);
		const name = nla_strdup(m.tb, NFTA_SET_ELEM_LIST_SET) ?? '';
		const id = nla_get_u32(m.tb, NFTA_SET_ELEM_LIST_SET_ID);
		const by_id = id === null ? undefined : tr.sets.get(id);
		return t.sets.get(name) ?? t.sets.get(by_id ?? '') ?? refuse(ENOENT);
	}

	new_elems(tr: transaction, m: nfnl_msg): void {
		const set = this.elem_set(tr, m);
		for (const e of nla_nested_list(m.tb, NFTA_SET_ELEM_LIST_ELEMENTS) ?? []) {
			const id = elem_id(e);
			if (set.elems.some((x) => elem_id(x) === id)) {
				if (m.flags & NLM_F_EXCL) refuse(EEXIST);
				continue;
			}
			set.elems.push(this.resolve_verdict(tr, e, NFTA_SET_ELEM_DATA));
		}
	}

	del_elems(tr: transaction, m: nfnl_msg): void {
		const set = this.elem_set(tr, m);
		const list = nla_nested_list(m.tb, NFTA_SET_ELEM_LIST_ELEMENTS);
		if (list === null) set.elems = [];
		for (const e of list ?? []) {
			const n = set.elems.findIndex((x) => elem_id(x) === elem_id(e));
			if (n < 0) refuse(ENOENT);
			set.elems.splice(n, 1);
		}
	}

	new_obj(m: nfnl_msg): void {
		const t = this.find(
			m.nfgen_family,
			nla_strdup(m.tb, NFTA_OBJ_TABLE),
			NFTA_OBJ_TABLE,
		);
		const name = nla_strdup(m.tb, NFTA_OBJ_NAME) ?? '';
		if (t.objs.has(name)) {
			if (m.flags & NLM_F_EXCL) refuse(EEXIST, NFTA_OBJ_NAME);
			return;
		}
		t.objs.set(name, new Map(m.tb).set(NFTA_OBJ_HANDLE, t.next_handle++));
	}

	new_flowtable(m: nfnl_msg): void {
		const t = this.find(
			m.nfgen_family,
			nla_strdup(m.tb, NFTA_FLOWTABLE_TABLE),
			NFTA_FLOWTABLE_TABLE,
		);
		const name = nla_strdup(m.tb, NFTA_FLOWTABLE_NAME) ?? '';
		if (t.flowtables.has(name)) {
			if (m.flags & NLM_F_EXCL) refuse(EEXIST, NFTA_FLOWTABLE_NAME);
			return;
		}
		t.flowtables.set(name, new Map(m.tb).set(NFTA_FLOWTABLE_HANDLE, t.next_handle++));
	}

	one(tr: transaction, m: nfnl_msg): void {
		switch (m.type & 0xff) {
			case NFT_MSG_NEWTABLE:
				this.new_table(m);
				break;
			case NFT_MSG_DELTABLE:
				this.del_table(m);
				break;
			case NFT_MSG_NEWCHAIN:
				this.new_chain(tr, m);
				break;
			case NFT_MSG_DELCHAIN:
				this.del_chain(m);
				break;
			case NFT_MSG_NEWRULE:
				this.new_rule(tr, m);
				break;
			case NFT_MSG_DELRULE:
				this.del_rule(tr, m);
				break;
			case NFT_MSG_NEWSET:
				this.new_set(tr, m);
				break;
			case NFT_MSG_DELSET:
				this.del_set(m);
				break;
			case NFT_MSG_NEWSETELEM:
				this.new_elems(tr, m);
				break;
			case NFT_MSG_DELSETELEM:
				this.del_elems(tr, m);
				break;
			case NFT_MSG_NEWOBJ:
				this.new_obj(m);
				break;
			case NFT_MSG_DELOBJ: {
				const t = this.find(
					m.nfgen_family,
					nla_strdup(m.tb, NFTA_OBJ_TABLE),
					NFTA_OBJ_TABLE,
				);
				if (!t.objs.delete(nla_strdup(m.tb, NFTA_OBJ_NAME) ?? ''))
					refuse(ENOENT, NFTA_OBJ_NAME);
				break;
			}
			case NFT_MSG_NEWFLOWTABLE:
				this.new_flowtable(m);
				break;
			case NFT_MSG_DELFLOWTABLE: {
				const t = this.find(
					m.nfgen_family,
					nla_strdup(m.tb, NFTA_FLOWTABLE_TABLE),
					NFTA_FLOWTABLE_TABLE,
				);
				if (
					!t.flowtables.delete(
						nla_strdup(m.tb, NFTA_FLOWTABLE_NAME) ?? '',
					)
				)
					refuse(ENOENT, NFTA_FLOWTABLE_NAME);
				break;
			}
			default:
				refuse(EOPNOTSUPP);
		}
	}

	batch(msgs: nfnl_msg[]): nfnl_err[] {
		const keep = structuredClone(this.tables.map((t) => ({ ...t })));
		const tr = new transaction();
		const errors: nfnl_err[] = [];
		this.seen.push(...msgs);
		for (const [n, m] of msgs.entries()) {
			try {
				this.one(tr, m);
			} catch (e) {
				if (!(e instanceof refusal)) throw e;
				const ack = new netlink_ext_ack();
				ack.bad_attr = e.attr;
				ack.bad_index = e.index;
				errors.push(new nfnl_err(n, -e.errno, ack));
			}
		}
		if (errors.length) this.restore(keep);
		return errors;
	}

	restore(keep: Omit<fake_table, 'name'>[]): void {
		this.tables = keep.map((k) =>
			Object.assign(new fake_table(k.family, k.tb, k.handle), k),
		);
	}

	reply(msg: number, t: fake_table, tb: nlattrs): nfnl_msg {
		return new nfnl_msg(nft_msg_type(msg), 0, t.family, tb);
	}

	dump(req: nfnl_msg): nfnl_msg[] {
		const want = (attr: number, v: string | null): boolean => {
			const w = nla_strdup(req.tb, attr);
			return w === null || w === v;
		};
		const out: nfnl_msg[] = [];
		for (const t of this.tables) {
			if (req.nfgen_family !== 0 && req.nfgen_family !== t.family) continue;
			switch (req.type & 0xff) {
				case NFT_MSG_GETTABLE:
					if (want(NFTA_TABLE_NAME, t.name))
						out.push(
							this.reply(
								NFT_MSG_NEWTABLE,
								t,
								new Map(t.tb).set(
									NFTA_TABLE_HANDLE,
									t.handle,
								),
							),
						);
					break;
				case NFT_MSG_GETCHAIN:
					if (!want(NFTA_CHAIN_TABLE, t.name)) break;
					for (const [name, c] of t.chains)
						if (want(NFTA_CHAIN_NAME, name))
							out.push(
								this.reply(
									NFT_MSG_NEWCHAIN,
									t,
									new Map(c.tb).set(
										NFTA_CHAIN_HANDLE,
										c.handle,
									),
								),
							);
					break;
				case NFT_MSG_GETRULE:
					if (!want(NFTA_RULE_TABLE, t.name)) break;
					for (const [name, c] of t.chains)
						if (want(NFTA_RULE_CHAIN, name))
							for (const r of c.rules)
								out.push(
									this.reply(
										NFT_MSG_NEWRULE,
										t,
										new Map(r.tb).set(
											NFTA_RULE_HANDLE,
											r.handle,
										),
									),
								);
					break;
				case NFT_MSG_GETSET:
					if (!want(NFTA_SET_TABLE, t.name)) break;
					for (const [name, s] of t.sets)
						if (want(NFTA_SET_NAME, name))
							out.push(
								this.reply(
									NFT_MSG_NEWSET,
									t,
									new Map(s.tb).set(
										NFTA_SET_HANDLE,
										s.handle,
									),
								),
							);
					break;
				case NFT_MSG_GETSETELEM:
					if (!want(NFTA_SET_ELEM_LIST_TABLE, t.name)) break;
					for (const [name, s] of t.sets)
						if (want(NFTA_SET_ELEM_LIST_SET, name))
							out.push(
								this.reply(
									NFT_MSG_NEWSETELEM,
									t,
									new Map([
										[
											NFTA_SET_ELEM_LIST_ELEMENTS,
											s.elems,
										],
									]),
								),
							);
					break;
				case NFT_MSG_GETOBJ:
				case NFT_MSG_GETOBJ_RESET:
					if (!want(NFTA_OBJ_TABLE, t.name)) break;
					for (const [name, o] of t.objs) {
						if (!want(NFTA_OBJ_NAME, name)) continue;
						out.push(this.reply(NFT_MSG_NEWOBJ, t, new Map(o)));
						if ((req.type & 0xff) === NFT_MSG_GETOBJ_RESET)
							o.set(
								NFTA_OBJ_DATA,
								new Map([
									[NFTA_COUNTER_PACKETS, 0],
									[NFTA_COUNTER_BYTES, 0],
								]),
							);
					}
					break;
				case NFT_MSG_GETFLOWTABLE:
					if (!want(NFTA_FLOWTABLE_TABLE, t.name)) break;
					for (const [name, f] of t.flowtables)
						if (want(NFTA_FLOWTABLE_NAME, name))
							out.push(
								this.reply(
									NFT_MSG_NEWFLOWTABLE,
									t,
									f,
								),
							);
					break;
				default:
			}
		}
		return out;
	}

	get(req: nfnl_msg): nfnl_msg[] | number {
		if ((req.type & 0xff) !== NFT_MSG_GETSETELEM) {
			const r = this.dump(req);
			return r.length ? r : -ENOENT;
		}
		const asked = nla_nested_list(req.tb, NFTA_SET_ELEM_LIST_ELEMENTS) ?? [];
		const found: nfnl_msg[] = [];
		for (const m of this.dump(req)) {
			const all = nla_nested_list(m.tb, NFTA_SET_ELEM_LIST_ELEMENTS) ?? [];
			for (const e of asked) {
				const hit = all.find((x) => elem_id(x) === elem_id(e));
				if (hit === undefined) return -ENOENT;
				found.push(
					new nfnl_msg(
						m.type,
						0,
						m.nfgen_family,
						new Map([[NFTA_SET_ELEM_LIST_ELEMENTS, [hit]]]),
					),
				);
			}
		}
		return found;
	}

	/** Counters do not count here; a test sets them. */
	set_counter(table: string, name: string, packets: number, bytes: number): void {
		const o = this.tables.find((t) => t.name === table)?.objs.get(name);
		o?.set(
			NFTA_OBJ_DATA,
			new Map([
				[NFTA_COUNTER_PACKETS, packets],
				[NFTA_COUNTER_BYTES, bytes],
			]),
		);
	}
}
