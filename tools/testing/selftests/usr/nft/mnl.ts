// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, from commands to messages.
 * Modelled on mnl.c of nftables 1.0.6. Each message notes which attribute stands for which piece of the
 * input, so that the kernel's errors can be shown there.
 */

import {
	NLM_F_APPEND,
	NLM_F_CREATE,
	NLM_F_EXCL,
	NLM_F_REPLACE,
	nfnl_msg,
	type nlattrs,
	nla_put,
	nla_put_s32,
	nla_put_string,
	nla_put_u32,
	nla_put_u64_64bit,
} from '../../../../../include/net/netlink.ts';
import { NFNL_SUBSYS_NFTABLES } from '../../../../../include/uapi/linux/netfilter/nfnetlink.ts';
import {
	NFTA_CHAIN_FLAGS,
	NFTA_CHAIN_HANDLE,
	NFTA_CHAIN_HOOK,
	NFTA_CHAIN_ID,
	NFTA_CHAIN_NAME,
	NFTA_CHAIN_POLICY,
	NFTA_CHAIN_TABLE,
	NFTA_CHAIN_TYPE,
	NFTA_CHAIN_USERDATA,
	NFTA_COUNTER_BYTES,
	NFTA_COUNTER_PACKETS,
	NFTA_DEVICE_NAME,
	NFTA_FLOWTABLE_FLAGS,
	NFTA_FLOWTABLE_HANDLE,
	NFTA_FLOWTABLE_HOOK,
	NFTA_FLOWTABLE_HOOK_DEVS,
	NFTA_FLOWTABLE_HOOK_NUM,
	NFTA_FLOWTABLE_HOOK_PRIORITY,
	NFTA_FLOWTABLE_NAME,
	NFTA_FLOWTABLE_TABLE,
	NFTA_HOOK_DEV,
	NFTA_HOOK_DEVS,
	NFTA_HOOK_HOOKNUM,
	NFTA_HOOK_PRIORITY,
	NFTA_OBJ_DATA,
	NFTA_OBJ_HANDLE,
	NFTA_OBJ_NAME,
	NFTA_OBJ_TABLE,
	NFTA_OBJ_TYPE,
	NFTA_OBJ_USERDATA,
	NFTA_RULE_CHAIN,
	NFTA_RULE_CHAIN_ID,
	NFTA_RULE_EXPRESSIONS,
	NFTA_RULE_HANDLE,
	NFTA_RULE_ID,
	NFTA_RULE_POSITION,
	NFTA_RULE_POSITION_ID,
	NFTA_RULE_TABLE,
	NFTA_RULE_USERDATA,
	NFTA_SET_DATA_LEN,
	NFTA_SET_DATA_TYPE,
	NFTA_SET_DESC,
	NFTA_SET_DESC_CONCAT,
	NFTA_SET_DESC_SIZE,
	NFTA_SET_ELEM_LIST_ELEMENTS,
	NFTA_SET_ELEM_LIST_SET,
	NFTA_SET_ELEM_LIST_SET_ID,
	NFTA_SET_ELEM_LIST_TABLE,
	NFTA_SET_EXPR,
	NFTA_SET_FIELD_LEN,
	NFTA_SET_FLAGS,
	NFTA_SET_GC_INTERVAL,
	NFTA_SET_HANDLE,
	NFTA_SET_ID,
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
	NFT_CHAIN_BASE,
	NFT_CHAIN_BINDING,
	NFT_CHAIN_HW_OFFLOAD,
	NFT_DATA_VERDICT,
	NFT_MSG_DELCHAIN,
	NFT_MSG_DELFLOWTABLE,
	NFT_MSG_DELOBJ,
	NFT_MSG_DELRULE,
	NFT_MSG_DELSET,
	NFT_MSG_DELSETELEM,
	NFT_MSG_DELTABLE,
	NFT_MSG_NEWCHAIN,
	NFT_MSG_NEWFLOWTABLE,
	NFT_MSG_NEWOBJ,
	NFT_MSG_NEWRULE,
	NFT_MSG_NEWSET,
	NFT_MSG_NEWSETELEM,
	NFT_MSG_NEWTABLE,
	NFT_OBJECT_COUNTER,
	NFT_SET_CONSTANT,
	NFT_SET_POL_PERFORMANCE,
} from '../../../../../include/uapi/linux/netfilter/nf_tables.ts';
import { TYPE_VERDICT } from './datatype.ts';
import { kernel_elem_text, kernel_rule_text, kernel_set_text } from './debug.ts';
import { internal_location, type location } from './erec.ts';
import { EXPR_F_INTERVAL, expr } from './expr.ts';
import { set_to_intervals } from './intervals.ts';
import { gen_set_elem, gen_stmt_stateful, nft_linearize } from './linearize.ts';
import { div_round_up } from './mpz.ts';
import {
	cmd_loc,
	handle,
	type nft_cache,
	type nft_chain,
	nft_cmd,
	type nft_flowtable,
	type nft_set,
	prio_value,
	set_is_datamap,
	set_is_non_concat_range,
	set_is_objmap,
} from './rule.ts';
import {
	NFTNL_UDATA_SET_COMMENT,
	NFTNL_UDATA_SET_DATABYTEORDER,
	NFTNL_UDATA_SET_DATA_INTERVAL,
	NFTNL_UDATA_SET_DATA_TYPEOF,
	NFTNL_UDATA_SET_KEYBYTEORDER,
	NFTNL_UDATA_SET_KEY_TYPEOF,
	NFTNL_UDATA_SET_MERGE_ELEMENTS,
	comment_udata,
	udata_buf,
	udata_put_typeof,
} from './udata.ts';

/** Type of a message of nf_tables. */
export function nft_msg_type(msg: number): number {
	return (NFNL_SUBSYS_NFTABLES << 8) | msg;
}

function flowtable_hook(ft: nft_flowtable, num: number, priority: number): nlattrs {
	const hook: nlattrs = new Map();
	nla_put_u32(hook, NFTA_FLOWTABLE_HOOK_NUM, num);
	nla_put_s32(hook, NFTA_FLOWTABLE_HOOK_PRIORITY, priority);
	if (ft.dev_expr !== null)
		hook.set(
			NFTA_FLOWTABLE_HOOK_DEVS,
			ft.devices.map((d): nlattrs => new Map([[NFTA_DEVICE_NAME, d]])),
		);
	return hook;
}

/** A batch in the making. */
export class batch {
	msgs: nfnl_msg[] = [];
	/** command of each message */
	cmds: nft_cmd[] = [];
	/** index of a message among those of its command */
	index: number[] = [];
	/** what --debug=netlink prints */
	debug = '';
	/** the same expressions are added with other flags */
	cache: nft_cache;

	constructor(cache: nft_cache) {
		this.cache = cache;
	}

	put(cmd: nft_cmd, msg: number, flags: number, family: number): nlattrs {
		const m = new nfnl_msg(nft_msg_type(msg), flags, family);
		this.msgs.push(m);
		this.cmds.push(cmd);
		this.index.push(cmd.num_msgs++);
		return m.tb;
	}

	loc(cmd: nft_cmd, attr: number, loc: location, index = -1): void {
		if (loc === internal_location) return;
		cmd.attrs.push(new cmd_loc(cmd.num_msgs - 1, attr, index, loc));
	}

	str(cmd: nft_cmd, tb: nlattrs, attr: number, v: string, loc: location): void {
		this.loc(cmd, attr, loc);
		nla_put_string(tb, attr, v);
	}

	id(cmd: nft_cmd, tb: nlattrs, attr: number, v: number, loc: location): void {
		this.loc(cmd, attr, loc);
		nla_put_u64_64bit(tb, attr, v);
	}

	/* ---- tables */

	table_add(cmd: nft_cmd, flags: number): void {
		const h = cmd.handle;
		const tb = this.put(cmd, NFT_MSG_NEWTABLE, NLM_F_CREATE | flags, h.family);
		this.str(cmd, tb, NFTA_TABLE_NAME, h.table_name, h.table_loc);
		nla_put_u32(tb, NFTA_TABLE_FLAGS, cmd.table?.flags ?? 0);
		const comment = cmd.table?.comment ?? null;
		if (comment !== null) nla_put(tb, NFTA_TABLE_USERDATA, comment_udata(comment));
	}

	table_del(cmd: nft_cmd): void {
		const h = cmd.handle;
		const tb = this.put(cmd, NFT_MSG_DELTABLE, 0, h.family);
		if (h.table_name !== '')
			this.str(cmd, tb, NFTA_TABLE_NAME, h.table_name, h.table_loc);
		else if (h.handle_id)
			this.id(cmd, tb, NFTA_TABLE_HANDLE, h.handle_id, h.handle_loc);
	}

	/* ---- chains */

	chain_add(cmd: nft_cmd, flags: number): void {
		const h = cmd.handle;
		const c = cmd.chain;
		const tb = this.put(cmd, NFT_MSG_NEWCHAIN, NLM_F_CREATE | flags, h.family);
		this.str(cmd, tb, NFTA_CHAIN_TABLE, h.table_name, h.table_loc);
		this.loc(cmd, NFTA_CHAIN_NAME, h.chain_loc);
		if (h.chain_name !== '') nla_put_string(tb, NFTA_CHAIN_NAME, h.chain_name);
		if (c === null) return;
		if (c.flags & NFT_CHAIN_BINDING) {
			nla_put_u32(tb, NFTA_CHAIN_ID, h.chain_id);
			nla_put_u32(tb, NFTA_CHAIN_FLAGS, c.flags);
		}
		if (c.flags & NFT_CHAIN_BASE) {
			this.str(cmd, tb, NFTA_CHAIN_TYPE, c.type, c.type_loc);
			const hook: nlattrs = new Map();
			nla_put_u32(hook, NFTA_HOOK_HOOKNUM, c.hook_num);
			nla_put_s32(hook, NFTA_HOOK_PRIORITY, prio_value(c.priority));
			if (c.devices.length === 1)
				nla_put_string(hook, NFTA_HOOK_DEV, c.devices[0]);
			else if (c.devices.length > 1)
				hook.set(
					NFTA_HOOK_DEVS,
					c.devices.map(
						(d): nlattrs => new Map([[NFTA_DEVICE_NAME, d]]),
					),
				);
			tb.set(NFTA_CHAIN_HOOK, hook);
		}
		if (c.policy !== null) {
			this.loc(cmd, NFTA_CHAIN_POLICY, c.policy.location);
			nla_put_u32(tb, NFTA_CHAIN_POLICY, Number(c.policy.value & 0xffffffffn));
		}
		if (c.flags & NFT_CHAIN_HW_OFFLOAD)
			nla_put_u32(tb, NFTA_CHAIN_FLAGS, NFT_CHAIN_HW_OFFLOAD);
		if (c.comment !== null) nla_put(tb, NFTA_CHAIN_USERDATA, comment_udata(c.comment));
	}

	chain_rename(cmd: nft_cmd): void {
		const h = cmd.handle;
		const chain = this.cache.table(h)?.chain(h.chain_name);
		const tb = this.put(cmd, NFT_MSG_NEWCHAIN, 0, h.family);
		nla_put_string(tb, NFTA_CHAIN_TABLE, h.table_name);
		nla_put_u64_64bit(tb, NFTA_CHAIN_HANDLE, chain?.handle.handle_id ?? 0);
		nla_put_string(tb, NFTA_CHAIN_NAME, cmd.arg);
	}

	chain_del(cmd: nft_cmd): void {
		const h = cmd.handle;
		const tb = this.put(cmd, NFT_MSG_DELCHAIN, 0, h.family);
		this.str(cmd, tb, NFTA_CHAIN_TABLE, h.table_name, h.table_loc);
		if (h.chain_name !== '')
			this.str(cmd, tb, NFTA_CHAIN_NAME, h.chain_name, h.chain_loc);
		else if (h.handle_id)
			this.id(cmd, tb, NFTA_CHAIN_HANDLE, h.handle_id, h.handle_loc);
	}

	/* ---- rules */

	rule_add(cmd: nft_cmd, flags: number): void {
		const rule = cmd.rule;
		if (rule === null) return;
		const h = rule.handle;
		const { exprs, locs } = nft_linearize(rule);
		const tb = this.put(cmd, NFT_MSG_NEWRULE, flags, cmd.handle.family);
		this.str(cmd, tb, NFTA_RULE_TABLE, h.table_name, h.table_loc);
		this.loc(cmd, h.chain_id ? NFTA_RULE_CHAIN_ID : NFTA_RULE_CHAIN, h.chain_loc);
		if (h.chain_id) nla_put_u32(tb, NFTA_RULE_CHAIN_ID, h.chain_id);
		else nla_put_string(tb, NFTA_RULE_CHAIN, h.chain_name);
		if (flags & NLM_F_REPLACE)
			this.id(cmd, tb, NFTA_RULE_HANDLE, h.handle_id, h.handle_loc);
		else {
			if (h.position_id) nla_put_u64_64bit(tb, NFTA_RULE_POSITION, h.position_id);
			if (h.rule_id) nla_put_u32(tb, NFTA_RULE_ID, h.rule_id);
			if (h.rule_position_id)
				nla_put_u32(tb, NFTA_RULE_POSITION_ID, h.rule_position_id);
		}
		tb.set(NFTA_RULE_EXPRESSIONS, exprs);
		for (const [n, l] of locs.entries()) this.loc(cmd, NFTA_RULE_EXPRESSIONS, l, n);
		if (rule.comment !== null)
			nla_put(tb, NFTA_RULE_USERDATA, comment_udata(rule.comment));
		this.debug += kernel_rule_text(h.family, tb);
	}

	rule_del(cmd: nft_cmd): void {
		const h = cmd.handle;
		const tb = this.put(cmd, NFT_MSG_DELRULE, 0, h.family);
		this.str(cmd, tb, NFTA_RULE_TABLE, h.table_name, h.table_loc);
		if (h.chain_name !== '')
			this.str(cmd, tb, NFTA_RULE_CHAIN, h.chain_name, h.chain_loc);
		if (h.handle_id) this.id(cmd, tb, NFTA_RULE_HANDLE, h.handle_id, h.handle_loc);
	}

	/* ---- sets */

	set_userdata(set: nft_set): Uint8Array {
		const b = new udata_buf();
		b.put_u32(NFTNL_UDATA_SET_KEYBYTEORDER, set.key.byteorder);
		if (set_is_datamap(set.flags))
			b.put_u32(NFTNL_UDATA_SET_DATABYTEORDER, set.data.byteorder);
		if (set.automerge) b.put_u32(NFTNL_UDATA_SET_MERGE_ELEMENTS, 1);
		udata_put_typeof(b, NFTNL_UDATA_SET_KEY_TYPEOF, set.key);
		if (set.data !== expr.nil) {
			udata_put_typeof(b, NFTNL_UDATA_SET_DATA_TYPEOF, set.data);
			b.put_u32(
				NFTNL_UDATA_SET_DATA_INTERVAL,
				set.data.flags & EXPR_F_INTERVAL ? 1 : 0,
			);
		}
		if (set.comment !== null) b.put_strz(NFTNL_UDATA_SET_COMMENT, set.comment);
		return b.data();
	}

	set_add(cmd: nft_cmd, flags: number): void {
		const set = cmd.set;
		if (set === null) return;
		const h = cmd.handle;
		const kernel_type = (e: expr): number =>
			e.dtype.type === TYPE_VERDICT ? NFT_DATA_VERDICT : e.dtype.type;
		if (set.init !== null && set_is_non_concat_range(set))
			set_to_intervals(set, set.init, true);

		const tb = this.put(cmd, NFT_MSG_NEWSET, NLM_F_CREATE | flags, h.family);
		this.str(cmd, tb, NFTA_SET_TABLE, h.table_name, h.table_loc);
		this.str(cmd, tb, NFTA_SET_NAME, h.set_name, h.set_loc);
		nla_put_u32(tb, NFTA_SET_FLAGS, set.flags);
		nla_put_u32(tb, NFTA_SET_KEY_TYPE, kernel_type(set.key));
		nla_put_u32(tb, NFTA_SET_KEY_LEN, div_round_up(set.key.len, 8));
		if (set_is_datamap(set.flags)) {
			nla_put_u32(tb, NFTA_SET_DATA_TYPE, kernel_type(set.data));
			nla_put_u32(tb, NFTA_SET_DATA_LEN, div_round_up(set.data.len, 8));
		}
		if (set_is_objmap(set.flags)) nla_put_u32(tb, NFTA_SET_OBJ_TYPE, set.objtype);
		nla_put_u32(tb, NFTA_SET_ID, set.handle.set_id);
		const desc: nlattrs = new Map();
		if (!(set.flags & NFT_SET_CONSTANT)) {
			if (set.policy !== NFT_SET_POL_PERFORMANCE)
				nla_put_u32(tb, NFTA_SET_POLICY, set.policy);
			if (set.desc_size) nla_put_u32(desc, NFTA_SET_DESC_SIZE, set.desc_size);
		} else if (set.init !== null) nla_put_u32(desc, NFTA_SET_DESC_SIZE, set.init.size);
		if (set.field_len.length > 0)
			desc.set(
				NFTA_SET_DESC_CONCAT,
				set.field_len.map(
					(n): nlattrs => new Map([[NFTA_SET_FIELD_LEN, n]]),
				),
			);
		if (desc.size) tb.set(NFTA_SET_DESC, desc);
		if (set.timeout) nla_put_u64_64bit(tb, NFTA_SET_TIMEOUT, set.timeout);
		if (set.gc_int) nla_put_u32(tb, NFTA_SET_GC_INTERVAL, set.gc_int);
		nla_put(tb, NFTA_SET_USERDATA, this.set_userdata(set));
		if (set.stmt_list.length === 1)
			tb.set(NFTA_SET_EXPR, gen_stmt_stateful(set.stmt_list[0]));
		this.debug += kernel_set_text(tb);
	}

	set_del(cmd: nft_cmd): void {
		const h = cmd.handle;
		const tb = this.put(cmd, NFT_MSG_DELSET, 0, h.family);
		this.str(cmd, tb, NFTA_SET_TABLE, h.table_name, h.table_loc);
		if (h.set_name !== '') this.str(cmd, tb, NFTA_SET_NAME, h.set_name, h.set_loc);
		else if (h.handle_id) this.id(cmd, tb, NFTA_SET_HANDLE, h.handle_id, h.handle_loc);
	}

	/* ---- elements */

	elems(cmd: nft_cmd, msg: number, flags: number, h: handle, init: expr | null): void {
		const tb = this.put(cmd, msg, flags, h.family);
		nla_put_string(tb, NFTA_SET_ELEM_LIST_TABLE, h.table_name);
		if (h.set_name !== '') nla_put_string(tb, NFTA_SET_ELEM_LIST_SET, h.set_name);
		if (h.set_id && msg === NFT_MSG_NEWSETELEM)
			nla_put_u32(tb, NFTA_SET_ELEM_LIST_SET_ID, h.set_id);
		this.debug += `${h.set_name} ${h.table_name} 0\n`;
		if (init === null) return;
		const list: nlattrs[] = [];
		for (const e of init.expressions) {
			this.loc(cmd, NFTA_SET_ELEM_LIST_ELEMENTS, e.location, list.length);
			const elem = gen_set_elem(init, e);
			list.push(elem);
			this.debug += kernel_elem_text(elem);
		}
		if (list.length > 0) tb.set(NFTA_SET_ELEM_LIST_ELEMENTS, list);
		this.debug += '\n';
	}

	elems_add(cmd: nft_cmd, set: nft_set, init: expr, flags: number): void {
		init.set_flags |= set.flags;
		this.elems(cmd, NFT_MSG_NEWSETELEM, NLM_F_CREATE | flags, set.handle, init);
	}

	elements_add(cmd: nft_cmd, flags: number): void {
		const set = cmd.elem_set;
		if (set === null || cmd.expr === null) return;
		if (set_is_non_concat_range(set)) set_to_intervals(set, cmd.expr, true);
		this.elems_add(cmd, set, cmd.expr, flags);
	}

	elements_del(cmd: nft_cmd): void {
		const set = cmd.elem_set;
		if (set === null || cmd.expr === null) return;
		if (set_is_non_concat_range(set)) set_to_intervals(set, cmd.expr, false);
		this.elems(cmd, NFT_MSG_DELSETELEM, 0, cmd.handle, cmd.expr);
	}

	/* ---- objects and flowtables */

	obj_add(cmd: nft_cmd, flags: number): void {
		const obj = cmd.object;
		if (obj === null) return;
		const h = cmd.handle;
		const tb = this.put(cmd, NFT_MSG_NEWOBJ, NLM_F_CREATE | flags, h.family);
		this.str(cmd, tb, NFTA_OBJ_TABLE, h.table_name, h.table_loc);
		this.str(cmd, tb, NFTA_OBJ_NAME, h.obj_name, h.obj_loc);
		nla_put_u32(tb, NFTA_OBJ_TYPE, obj.type);
		const d: nlattrs = new Map();
		nla_put_u64_64bit(d, NFTA_COUNTER_BYTES, obj.bytes);
		nla_put_u64_64bit(d, NFTA_COUNTER_PACKETS, obj.packets);
		tb.set(NFTA_OBJ_DATA, d);
		if (obj.comment !== null)
			nla_put(tb, NFTA_OBJ_USERDATA, comment_udata(obj.comment));
	}

	obj_del(cmd: nft_cmd): void {
		const h = cmd.handle;
		const tb = this.put(cmd, NFT_MSG_DELOBJ, 0, h.family);
		this.str(cmd, tb, NFTA_OBJ_TABLE, h.table_name, h.table_loc);
		if (h.obj_name !== '') this.str(cmd, tb, NFTA_OBJ_NAME, h.obj_name, h.obj_loc);
		else if (h.handle_id) this.id(cmd, tb, NFTA_OBJ_HANDLE, h.handle_id, h.handle_loc);
		nla_put_u32(tb, NFTA_OBJ_TYPE, NFT_OBJECT_COUNTER);
	}

	flowtable_add(cmd: nft_cmd, flags: number): void {
		const ft = cmd.flowtable;
		if (ft === null) return;
		const h = cmd.handle;
		const tb = this.put(cmd, NFT_MSG_NEWFLOWTABLE, NLM_F_CREATE | flags, h.family);
		this.str(cmd, tb, NFTA_FLOWTABLE_TABLE, h.table_name, h.table_loc);
		this.str(cmd, tb, NFTA_FLOWTABLE_NAME, h.ft_name, h.ft_loc);
		tb.set(
			NFTA_FLOWTABLE_HOOK,
			flowtable_hook(ft, ft.hook_num, prio_value(ft.priority)),
		);
		nla_put_u32(tb, NFTA_FLOWTABLE_FLAGS, ft.flags);
	}

	flowtable_del(cmd: nft_cmd): void {
		const h = cmd.handle;
		const tb = this.put(cmd, NFT_MSG_DELFLOWTABLE, 0, h.family);
		this.str(cmd, tb, NFTA_FLOWTABLE_TABLE, h.table_name, h.table_loc);
		if (h.ft_name !== '') this.str(cmd, tb, NFTA_FLOWTABLE_NAME, h.ft_name, h.ft_loc);
		else if (h.handle_id)
			this.id(cmd, tb, NFTA_FLOWTABLE_HANDLE, h.handle_id, h.handle_loc);
		const ft = cmd.flowtable;
		if (ft !== null && ft.dev_expr !== null)
			tb.set(NFTA_FLOWTABLE_HOOK, flowtable_hook(ft, 0, 0));
	}

	/* ---- commands */

	add(cmd: nft_cmd, flags: number): void {
		switch (cmd.obj) {
			case 'table':
				this.table_add(cmd, flags);
				break;
			case 'chain':
				this.chain_add(cmd, flags);
				break;
			case 'rule':
				this.rule_add(cmd, NLM_F_CREATE | NLM_F_APPEND | flags);
				break;
			case 'set':
				this.set_add(cmd, flags);
				break;
			case 'setelems':
				if (cmd.set !== null && cmd.set.init !== null)
					this.elems_add(cmd, cmd.set, cmd.set.init, flags);
				break;
			case 'elements':
				this.elements_add(cmd, flags);
				break;
			case 'counter':
				this.obj_add(cmd, flags);
				break;
			case 'flowtable':
				this.flowtable_add(cmd, flags);
				break;
			default:
		}
	}

	del(cmd: nft_cmd): void {
		switch (cmd.obj) {
			case 'table':
				this.table_del(cmd);
				break;
			case 'chain':
				this.chain_del(cmd);
				break;
			case 'rule':
				this.rule_del(cmd);
				break;
			case 'set':
				this.set_del(cmd);
				break;
			case 'elements':
				this.elements_del(cmd);
				break;
			case 'counter':
				this.obj_del(cmd);
				break;
			case 'flowtable':
				this.flowtable_del(cmd);
				break;
			default:
		}
	}

	flush(cmd: nft_cmd): void {
		if (cmd.obj === 'table' || cmd.obj === 'chain') this.rule_del(cmd);
		else if (cmd.obj === 'ruleset') this.table_del(cmd);
		else this.elems(cmd, NFT_MSG_DELSETELEM, 0, cmd.handle, null);
	}

	/** Turns a command that changes something into messages. */
	command(cmd: nft_cmd): void {
		switch (cmd.op) {
			case 'add':
				this.add(cmd, 0);
				break;
			case 'create':
				this.add(cmd, NLM_F_EXCL);
				break;
			case 'insert':
				this.rule_add(cmd, NLM_F_CREATE);
				break;
			case 'replace':
				this.rule_add(cmd, NLM_F_REPLACE);
				break;
			case 'delete':
				this.del(cmd);
				break;
			case 'flush':
				this.flush(cmd);
				break;
			case 'rename':
				this.chain_rename(cmd);
				break;
			default:
		}
	}
}

/* the rules of a chain's block, each as a command */
function chain_rules(chain: nft_chain): nft_cmd[] {
	return chain.rules.splice(0).map((rule) => {
		rule.handle.merge(chain.handle);
		const h = new handle();
		h.merge(rule.handle);
		const c = new nft_cmd('add', 'rule', h, rule.location);
		c.rule = rule;
		return c;
	});
}

/** The commands that a command with a block stands for, itself first. */
export function nft_cmd_expand(cmd: nft_cmd): nft_cmd[] {
	if (cmd.op !== 'add') return [cmd];
	if (cmd.obj === 'chain' && cmd.chain !== null) return [cmd, ...chain_rules(cmd.chain)];
	const t = cmd.table;
	if (cmd.obj !== 'table' || t === null) return [cmd];
	const out = [cmd];
	t.handle.merge(cmd.handle);
	const part = (obj: nft_cmd['obj'], h: handle, loc: location): nft_cmd => {
		h.merge(t.handle);
		const copy = new handle();
		copy.merge(h);
		const c = new nft_cmd('add', obj, copy, loc);
		out.push(c);
		return c;
	};
	for (const c of t.decl.chains) part('chain', c.handle, c.location).chain = c;
	for (const o of t.decl.objs) part('counter', o.handle, o.location).object = o;
	for (const s of t.decl.sets) part('set', s.handle, s.location).set = s;
	for (const f of t.decl.flowtables) part('flowtable', f.handle, f.location).flowtable = f;
	return [...out, ...t.decl.chains.flatMap(chain_rules)];
}

/** Elements that were declared with a set are added behind it. */
export function nft_cmd_post_expand(cmd: nft_cmd): nft_cmd[] {
	if (cmd.op !== 'add' || cmd.obj !== 'set' || cmd.set === null || cmd.set.init === null)
		return [cmd];
	const h = new handle();
	h.merge(cmd.set.handle);
	const c = new nft_cmd('add', 'setelems', h, cmd.set.location);
	c.set = cmd.set;
	return [cmd, c];
}
