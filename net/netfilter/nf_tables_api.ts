// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_tables_api.c, base v5.10.
 *
 * The control plane of nf_tables: tables, chains, rules, sets and their elements, stateful objects and
 * flowtables; transactions by generation masks and a list of steps that commit makes final and abort
 * takes back; validation, loop detection and use counts.
 *
 * PORT: a request is an object (include/net/netlink.ts), a GET returns its answers. Lists are arrays and
 * name tables are Maps: packets never see them. Memory cannot run out. What waits for a grace period in C
 * waits for it here (trans_destroy_work). nft_set_types[] is filled by nft_register_set() and
 * nf_tables_module_init() stands in net/netfilter/nf_tables_module.ts, because backends, expressions and
 * chain types import this file.
 * Not ported: notifications and audit records (nothing listens), module loading (what is missing stays
 * missing: -ENOENT), locks, flow rules of hardware offload (nf_tables_offload.ts refuses it at commit).
 */
import { IS_ERR } from '../../include/linux/err.ts';
import type { Machine } from '../../include/linux/machine.ts';
import {
	WARN_ON,
	jiffies_to_msecs,
	machine_var,
	msecs_to_jiffies,
} from '../../include/linux/machine.ts';
import type { net_device, netdev_notifier_info } from '../../include/linux/netdevice.ts';
import {
	NETDEV_UNREGISTER,
	dev_net,
	netdev_notifier_info_to_dev,
} from '../../include/linux/netdevice.ts';
import type { nf_hook_ops } from '../../include/linux/netfilter.ts';
import type {
	nfnetlink_subsystem,
	nfnl_callback,
	nla_policy,
} from '../../include/linux/netfilter/nfnetlink.ts';
import {
	NFNL_ABORT_NONE,
	NFNL_ABORT_VALIDATE,
	NLA_BINARY,
	NLA_NESTED,
	NLA_NESTED_LIST,
	NLA_STRING,
	NLA_U32,
	NLA_U64,
	nla_validate,
} from '../../include/linux/netfilter/nfnetlink.ts';
import type { netlink_ext_ack } from '../../include/linux/netlink.ts';
import { NL_SET_BAD_ATTR } from '../../include/linux/netlink.ts';
import type { notifier_block } from '../../include/linux/notifier.ts';
import { NOTIFY_DONE } from '../../include/linux/notifier.ts';
import { flush_delayed_work, schedule_work, work_struct } from '../../include/linux/workqueue.ts';
import type { pernet_operations } from '../../include/net/net_namespace.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { nf_flowtable_type } from '../../include/net/netfilter/nf_flow_table.ts';
import {
	FLOW_BLOCK_BIND,
	FLOW_BLOCK_UNBIND,
	nf_flowtable,
} from '../../include/net/netfilter/nf_flow_table.ts';
import type {
	nft_chain_type,
	nft_expr_ops,
	nft_expr_type,
	nft_object_ops,
	nft_object_type,
	nft_set_ext_ref,
	nft_set_iter,
	nft_set_ops,
	nft_set_type,
	nft_set_binding,
	nft_verdict,
} from '../../include/net/netfilter/nf_tables.ts';
import {
	NFT_CHAIN_POLICY_UNSET,
	NFT_CHAIN_T_DEFAULT,
	NFT_CHAIN_T_MAX,
	NFT_CHAIN_T_NAT,
	NFT_EXPR_GC,
	NFT_EXPR_STATEFUL,
	NFT_JUMP_STACK_SIZE,
	NFT_MAX_HOOKS,
	NFT_NETDEVICE_MAX,
	NFT_REGS_SIZE,
	NFT_SET_ELEM_BUSY_MASK,
	NFT_SET_EXT_DATA,
	NFT_SET_EXT_EXPIRATION,
	NFT_SET_EXT_EXPR,
	NFT_SET_EXT_FLAGS,
	NFT_SET_EXT_KEY,
	NFT_SET_EXT_KEY_END,
	NFT_SET_EXT_OBJREF,
	NFT_SET_EXT_TIMEOUT,
	NFT_SET_EXT_USERDATA,
	NFT_TRANS_ABORT,
	NFT_TRANS_COMMIT,
	NFT_TRANS_PREPARE,
	NFT_TRANS_RELEASE,
	NFT_VERDICT_SIZE,
	nft_activate_next,
	nft_active_genmask,
	nft_base_chain,
	nft_base_chain_netdev,
	nft_chain,
	nft_chain_is_bound,
	nft_clear,
	nft_ctx,
	nft_ctx_copy,
	nft_data,
	nft_data_desc,
	nft_deactivate_next,
	nft_expr,
	nft_expr_priv,
	nft_flowtable,
	nft_gencursor_next,
	nft_genmask_cur,
	nft_genmask_next,
	nft_hook_dev,
	nft_is_active,
	nft_is_active_next,
	nft_is_base_chain,
	nft_object,
	nft_rule,
	nft_set,
	nft_set_desc,
	nft_set_elem,
	nft_set_estimate,
	nft_set_ext,
	nft_set_ext_add,
	nft_set_ext_exists,
	nft_set_ext_prepare,
	nft_set_ext_tmpl,
	nft_set_is_anonymous,
	nft_stats,
	nft_table,
	nft_trans,
	nft_type_to_reg,
} from '../../include/net/netfilter/nf_tables.ts';
import type { nft_immediate_expr } from '../../include/net/netfilter/nf_tables_core.ts';
import type { nlattr_value, nlattrs } from '../../include/net/netlink.ts';
import {
	nfnl_msg,
	nla_data,
	nla_get_s32,
	nla_get_u32,
	nla_get_u64,
	nla_list_start,
	nla_nest_start,
	nla_nested_list,
	nla_parse_nested,
	nla_put,
	nla_put_s32,
	nla_put_string,
	nla_put_u32,
	nla_put_u64_64bit,
	nla_strdup,
} from '../../include/net/netlink.ts';
import {
	E2BIG,
	EAFNOSUPPORT,
	EAGAIN,
	EBUSY,
	EEXIST,
	EFBIG,
	EINVAL,
	ELOOP,
	EMLINK,
	ENFILE,
	ENOENT,
	ENOTEMPTY,
	EOPNOTSUPP,
	EOVERFLOW,
	ERANGE,
} from '../../include/uapi/linux/errno.ts';
import { IFNAMSIZ } from '../../include/uapi/linux/if.ts';
import {
	NFPROTO_NETDEV,
	NFPROTO_NUMPROTO,
	NFPROTO_UNSPEC,
	NF_ACCEPT,
	NF_DROP,
	NF_NETDEV_INGRESS,
	NF_QUEUE,
	NF_VERDICT_MASK,
} from '../../include/uapi/linux/netfilter.ts';
import {
	NFTA_CHAIN_COUNTERS,
	NFTA_CHAIN_FLAGS,
	NFTA_CHAIN_HANDLE,
	NFTA_CHAIN_HOOK,
	NFTA_CHAIN_ID,
	NFTA_CHAIN_MAX,
	NFTA_CHAIN_NAME,
	NFTA_CHAIN_POLICY,
	NFTA_CHAIN_TABLE,
	NFTA_CHAIN_TYPE,
	NFTA_CHAIN_USE,
	NFTA_CHAIN_USERDATA,
	NFTA_COUNTER_BYTES,
	NFTA_COUNTER_PACKETS,
	NFTA_DATA_VALUE,
	NFTA_DATA_VERDICT,
	NFTA_DEVICE_NAME,
	NFTA_EXPR_DATA,
	NFTA_EXPR_NAME,
	NFTA_FLOWTABLE_FLAGS,
	NFTA_FLOWTABLE_HANDLE,
	NFTA_FLOWTABLE_HOOK,
	NFTA_FLOWTABLE_HOOK_DEVS,
	NFTA_FLOWTABLE_HOOK_NUM,
	NFTA_FLOWTABLE_HOOK_PRIORITY,
	NFTA_FLOWTABLE_MAX,
	NFTA_FLOWTABLE_NAME,
	NFTA_FLOWTABLE_TABLE,
	NFTA_FLOWTABLE_USE,
	NFTA_GEN_ID,
	NFTA_HOOK_DEV,
	NFTA_HOOK_DEVS,
	NFTA_HOOK_HOOKNUM,
	NFTA_HOOK_PRIORITY,
	NFTA_OBJ_DATA,
	NFTA_OBJ_HANDLE,
	NFTA_OBJ_MAX,
	NFTA_OBJ_NAME,
	NFTA_OBJ_TABLE,
	NFTA_OBJ_TYPE,
	NFTA_OBJ_USE,
	NFTA_OBJ_USERDATA,
	NFTA_RULE_CHAIN,
	NFTA_RULE_CHAIN_ID,
	NFTA_RULE_COMPAT,
	NFTA_RULE_EXPRESSIONS,
	NFTA_RULE_HANDLE,
	NFTA_RULE_ID,
	NFTA_RULE_MAX,
	NFTA_RULE_POSITION,
	NFTA_RULE_POSITION_ID,
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
	NFTA_SET_ELEM_LIST_ELEMENTS,
	NFTA_SET_ELEM_LIST_MAX,
	NFTA_SET_ELEM_LIST_SET,
	NFTA_SET_ELEM_LIST_SET_ID,
	NFTA_SET_ELEM_LIST_TABLE,
	NFTA_SET_ELEM_OBJREF,
	NFTA_SET_ELEM_TIMEOUT,
	NFTA_SET_ELEM_USERDATA,
	NFTA_SET_EXPR,
	NFTA_SET_FIELD_LEN,
	NFTA_SET_FLAGS,
	NFTA_SET_GC_INTERVAL,
	NFTA_SET_HANDLE,
	NFTA_SET_ID,
	NFTA_SET_KEY_LEN,
	NFTA_SET_KEY_TYPE,
	NFTA_SET_MAX,
	NFTA_SET_NAME,
	NFTA_SET_OBJ_TYPE,
	NFTA_SET_POLICY,
	NFTA_SET_TABLE,
	NFTA_SET_TIMEOUT,
	NFTA_SET_USERDATA,
	NFTA_TABLE_FLAGS,
	NFTA_TABLE_HANDLE,
	NFTA_TABLE_MAX,
	NFTA_TABLE_NAME,
	NFTA_TABLE_USE,
	NFTA_TABLE_USERDATA,
	NFTA_VERDICT_CHAIN,
	NFTA_VERDICT_CHAIN_ID,
	NFTA_VERDICT_CODE,
	NFT_BREAK,
	NFT_CHAIN_BASE,
	NFT_CHAIN_BINDING,
	NFT_CHAIN_FLAGS,
	NFT_CHAIN_HW_OFFLOAD,
	NFT_CHAIN_MAXNAMELEN,
	NFT_CONTINUE,
	NFT_DATA_RESERVED_MASK,
	NFT_DATA_VALUE,
	NFT_DATA_VALUE_MAXLEN,
	NFT_DATA_VERDICT,
	NFT_FLOWTABLE_MASK,
	NFT_GOTO,
	NFT_JUMP,
	NFT_MSG_DELCHAIN,
	NFT_MSG_DELFLOWTABLE,
	NFT_MSG_DELOBJ,
	NFT_MSG_DELRULE,
	NFT_MSG_DELSET,
	NFT_MSG_DELSETELEM,
	NFT_MSG_DELTABLE,
	NFT_MSG_GETCHAIN,
	NFT_MSG_GETFLOWTABLE,
	NFT_MSG_GETGEN,
	NFT_MSG_GETOBJ,
	NFT_MSG_GETOBJ_RESET,
	NFT_MSG_GETRULE,
	NFT_MSG_GETSET,
	NFT_MSG_GETSETELEM,
	NFT_MSG_GETTABLE,
	NFT_MSG_MAX,
	NFT_MSG_NEWCHAIN,
	NFT_MSG_NEWFLOWTABLE,
	NFT_MSG_NEWGEN,
	NFT_MSG_NEWOBJ,
	NFT_MSG_NEWRULE,
	NFT_MSG_NEWSET,
	NFT_MSG_NEWSETELEM,
	NFT_MSG_NEWTABLE,
	NFT_NAME_MAXLEN,
	NFT_OBJECT_MAX,
	NFT_OBJECT_UNSPEC,
	NFT_OBJ_MAXNAMELEN,
	NFT_REG32_00,
	NFT_REG32_COUNT,
	NFT_REG32_SIZE,
	NFT_REG_1,
	NFT_REG_4,
	NFT_REG_SIZE,
	NFT_REG_VERDICT,
	NFT_RETURN,
	NFT_SET_ANONYMOUS,
	NFT_SET_CONCAT,
	NFT_SET_CONSTANT,
	NFT_SET_ELEM_INTERVAL_END,
	NFT_SET_EVAL,
	NFT_SET_INTERVAL,
	NFT_SET_MAP,
	NFT_SET_MAXNAMELEN,
	NFT_SET_OBJECT,
	NFT_SET_POL_MEMORY,
	NFT_SET_POL_PERFORMANCE,
	NFT_SET_TIMEOUT,
	NFT_TABLE_F_DORMANT,
	NFT_TABLE_MAXNAMELEN,
	NFT_USERDATA_MAXLEN,
} from '../../include/uapi/linux/netfilter/nf_tables.ts';
import {
	NFNETLINK_V0,
	NFNL_MSG_TYPE,
	NFNL_SUBSYS_NFTABLES,
} from '../../include/uapi/linux/netfilter/nfnetlink.ts';
import { NF_IP_PRI_CONNTRACK } from '../../include/uapi/linux/netfilter_ipv4.ts';
import {
	NLM_F_APPEND,
	NLM_F_CREATE,
	NLM_F_DUMP,
	NLM_F_EXCL,
	NLM_F_MULTI,
	NLM_F_NONREC,
	NLM_F_REPLACE,
} from '../../include/uapi/linux/netlink.ts';
import { __dev_get_by_name } from '../core/dev.ts';
import { nf_register_net_hook, nf_unregister_net_hook } from './core.ts';
import { nft_chain_offload_priority, nft_flow_rule_offload_commit } from './nf_tables_offload.ts';

/** Name of a module less the prefix, what C allows for names that load modules. */
const NFT_MODULE_AUTOLOAD_LIMIT = 56 - 'nft-expr-255-'.length - 1;

const nf_tables_expressions = machine_var(() => new Array<nft_expr_type>());
const nf_tables_objects = machine_var(() => new Array<nft_object_type>());
const nf_tables_flowtables = machine_var(() => new Array<nf_flowtable_type>());

/** Counters that C keeps in static variables. */
class nft_global_counters {
	table_handle = 0;
	chain_id = 0;
}
const counters = machine_var(() => new nft_global_counters());

const NFT_VALIDATE_SKIP = 0;
const NFT_VALIDATE_NEED = 1;
const NFT_VALIDATE_DO = 2;

/**
 * Takes an entry off a list.
 * @kernel PORT: list_del, on an array
 */
function list_del<T>(list: T[], entry: T): void {
	const i = list.indexOf(entry);
	if (i >= 0) list.splice(i, 1);
}

/**
 * Notes how much validation the batch needs at its end.
 * @param new_validate_state NFT_VALIDATE_*
 * @kernel net/netfilter/nf_tables_api.c:69 (v5.10)
 */
function nft_validate_state_update(net: net, new_validate_state: number): void {
	switch (net.nft.validate_state) {
		case NFT_VALIDATE_SKIP:
			WARN_ON(
				net.machine,
				new_validate_state === NFT_VALIDATE_DO,
				'nft_validate_state_update',
				'from SKIP to DO',
			);
			break;
		case NFT_VALIDATE_NEED:
			break;
		case NFT_VALIDATE_DO:
			if (new_validate_state === NFT_VALIDATE_NEED) return;
	}
	net.nft.validate_state = new_validate_state;
}

/** nf_tables_destroy_list and the work that empties it. */
class nft_trans_destroyer {
	list: nft_trans[] = [];
	readonly work: work_struct;

	constructor(m: Machine) {
		this.work = new work_struct(m, () => nf_tables_trans_destroy_work(m));
	}
}
const trans_destroyer = machine_var((m) => new nft_trans_destroyer(m));

/**
 * Makes the context of a request.
 * @param family NFPROTO_*
 * @kernel net/netfilter/nf_tables_api.c:87 (v5.10)
 */
function nft_ctx_init(
	net: net,
	msg: nfnl_msg,
	family: number,
	table: nft_table | null,
	chain: nft_chain | null,
): nft_ctx {
	const ctx = new nft_ctx(net, family, msg.tb);
	ctx.table = table;
	ctx.chain = chain;
	ctx.flags = msg.flags;
	ctx.seq = msg.seq;
	return ctx;
}

/**
 * Makes a step of the transaction.
 * @param msg_type NFT_MSG_*
 * @kernel net/netfilter/nf_tables_api.c:123 (v5.10)
 */
function nft_trans_alloc(ctx: nft_ctx, msg_type: number): nft_trans {
	return new nft_trans(ctx, msg_type);
}

/**
 * Takes a step out of the transaction.
 * @kernel net/netfilter/nf_tables_api.c:129 (v5.10)
 */
function nft_trans_destroy(trans: nft_trans): void {
	const list = trans.ctx.net.nft.commit_list;
	const i = list.lastIndexOf(trans);
	if (i >= 0) list.splice(i, 1);
}

/**
 * Notes in the transaction that a rule now owns an anonymous set.
 * @kernel net/netfilter/nf_tables_api.c:135 (v5.10)
 */
function nft_set_trans_bind(ctx: nft_ctx, set: nft_set): void {
	if (!nft_set_is_anonymous(set)) return;

	for (const trans of ctx.net.nft.commit_list) {
		switch (trans.msg_type) {
			case NFT_MSG_NEWSET:
			case NFT_MSG_NEWSETELEM:
				if (trans.set === set) trans.bound = true;
				break;
		}
	}
}

/**
 * Registers the hooks of all devices, or none.
 * @returns 0 or the errno of the one that failed
 * @kernel net/netfilter/nf_tables_api.c:157 (v5.10)
 */
function nft_netdev_register_hooks(net: net, hook_list: readonly nft_hook_dev[]): number {
	for (let j = 0; j < hook_list.length; j++) {
		const err = nf_register_net_hook(net, hook_list[j].ops);
		if (err < 0) {
			for (let i = 0; i < j; i++) nf_unregister_net_hook(net, hook_list[i].ops);
			return err;
		}
	}
	return 0;
}

/**
 * Unregisters the hooks of all devices.
 * @kernel net/netfilter/nf_tables_api.c:183 (v5.10)
 */
function nft_netdev_unregister_hooks(net: net, hook_list: readonly nft_hook_dev[]): void {
	for (const hook of hook_list) nf_unregister_net_hook(net, hook.ops);
}

/**
 * Registers the hooks of a base chain unless its table sleeps.
 * @returns 0 or what registering says
 * @kernel net/netfilter/nf_tables_api.c:192 (v5.10)
 */
function nf_tables_register_hook(net: net, table: nft_table, chain: nft_chain): number {
	if ((table.flags & NFT_TABLE_F_DORMANT) !== 0 || !nft_is_base_chain(chain)) return 0;

	const type = chain.type;
	if (type.ops_register !== undefined) return type.ops_register(net, chain.ops);

	if (nft_base_chain_netdev(table.family, chain.ops.hooknum))
		return nft_netdev_register_hooks(net, chain.hook_list);

	return nf_register_net_hook(net, chain.ops);
}

/**
 * Unregisters the hooks of a base chain unless its table sleeps.
 * @kernel net/netfilter/nf_tables_api.c:215 (v5.10)
 */
function nf_tables_unregister_hook(net: net, table: nft_table, chain: nft_chain): void {
	if ((table.flags & NFT_TABLE_F_DORMANT) !== 0 || !nft_is_base_chain(chain)) return;

	const type = chain.type;
	if (type.ops_unregister !== undefined) {
		type.ops_unregister(net, chain.ops);
		return;
	}

	if (nft_base_chain_netdev(table.family, chain.ops.hooknum))
		nft_netdev_unregister_hooks(net, chain.hook_list);
	else nf_unregister_net_hook(net, chain.ops);
}

/**
 * Adds the step that makes or removes the context's table.
 * @param msg_type NFT_MSG_NEWTABLE or NFT_MSG_DELTABLE
 * @kernel net/netfilter/nf_tables_api.c:237 (v5.10)
 */
function nft_trans_table_add(ctx: nft_ctx, msg_type: number): number {
	const trans = nft_trans_alloc(ctx, msg_type);

	if (msg_type === NFT_MSG_NEWTABLE) nft_activate_next(ctx.net, ctx.table!);

	ctx.net.nft.commit_list.push(trans);
	return 0;
}

/**
 * Removes the context's table in the next generation.
 * @kernel net/netfilter/nf_tables_api.c:252 (v5.10)
 */
function nft_deltable(ctx: nft_ctx): number {
	const err = nft_trans_table_add(ctx, NFT_MSG_DELTABLE);
	if (err < 0) return err;

	nft_deactivate_next(ctx.net, ctx.table!);
	return err;
}

/**
 * Adds the step that makes or removes the context's chain.
 * @param msg_type NFT_MSG_NEWCHAIN or NFT_MSG_DELCHAIN
 * @kernel net/netfilter/nf_tables_api.c:264 (v5.10)
 */
function nft_trans_chain_add(ctx: nft_ctx, msg_type: number): nft_trans {
	const trans = nft_trans_alloc(ctx, msg_type);

	if (msg_type === NFT_MSG_NEWCHAIN) {
		nft_activate_next(ctx.net, ctx.chain!);
		trans.chain_id = nla_get_u32(ctx.nla, NFTA_CHAIN_ID) ?? 0;
	}

	ctx.net.nft.commit_list.push(trans);
	return trans;
}

/**
 * Removes the context's chain in the next generation.
 * @kernel net/netfilter/nf_tables_api.c:285 (v5.10)
 */
function nft_delchain(ctx: nft_ctx): number {
	nft_trans_chain_add(ctx, NFT_MSG_DELCHAIN);

	ctx.table!.use--;
	nft_deactivate_next(ctx.net, ctx.chain!);
	return 0;
}

/**
 * Gives the expressions of a rule back what they let go.
 * @kernel net/netfilter/nf_tables_api.c:299 (v5.10)
 */
function nft_rule_expr_activate(ctx: nft_ctx, rule: nft_rule): void {
	for (const expr of rule.expr) expr.ops.activate?.(ctx, expr);
}

/**
 * Lets the expressions of a rule go of what they refer to.
 * @param phase NFT_TRANS_*
 * @kernel net/netfilter/nf_tables_api.c:313 (v5.10)
 */
function nft_rule_expr_deactivate(ctx: nft_ctx, rule: nft_rule, phase: number): void {
	for (const expr of rule.expr) expr.ops.deactivate?.(ctx, expr, phase);
}

/**
 * Makes a rule inactive in the next generation.
 * @returns 0, -ENOENT when it is already
 * @kernel net/netfilter/nf_tables_api.c:329 (v5.10)
 */
function nf_tables_delrule_deactivate(ctx: nft_ctx, rule: nft_rule): number {
	/* A rule is deleted once. */
	if (nft_is_active_next(ctx.net, rule)) {
		nft_deactivate_next(ctx.net, rule);
		ctx.chain!.use--;
		return 0;
	}
	return -ENOENT;
}

/**
 * Adds the step that makes or removes a rule.
 * @param msg_type NFT_MSG_NEWRULE or NFT_MSG_DELRULE
 * @kernel net/netfilter/nf_tables_api.c:340 (v5.10)
 */
function nft_trans_rule_add(ctx: nft_ctx, msg_type: number, rule: nft_rule): nft_trans {
	const trans = nft_trans_alloc(ctx, msg_type);

	if (msg_type === NFT_MSG_NEWRULE) trans.rule_id = nla_get_u32(ctx.nla, NFTA_RULE_ID) ?? 0;
	trans.rule = rule;
	ctx.net.nft.commit_list.push(trans);
	return trans;
}

/**
 * Removes a rule in the next generation.
 * @returns 0, -ENOENT when the batch has removed it already
 * @kernel net/netfilter/nf_tables_api.c:359 (v5.10)
 */
function nft_delrule(ctx: nft_ctx, rule: nft_rule): number {
	const trans = nft_trans_rule_add(ctx, NFT_MSG_DELRULE, rule);

	const err = nf_tables_delrule_deactivate(ctx, rule);
	if (err < 0) {
		nft_trans_destroy(trans);
		return err;
	}
	nft_rule_expr_deactivate(ctx, rule, NFT_TRANS_PREPARE);
	return 0;
}

/**
 * Removes all rules of the context's chain in the next generation.
 * @kernel net/netfilter/nf_tables_api.c:389 (v5.10)
 */
function nft_delrule_by_chain(ctx: nft_ctx): number {
	for (const rule of ctx.chain!.rules) {
		if (!nft_is_active_next(ctx.net, rule)) continue;

		const err = nft_delrule(ctx, rule);
		if (err < 0) return err;
	}
	return 0;
}

/**
 * Adds the step that makes or removes a set.
 * @param msg_type NFT_MSG_NEWSET or NFT_MSG_DELSET
 * @kernel net/netfilter/nf_tables_api.c:405 (v5.10)
 */
function nft_trans_set_add(ctx: nft_ctx, msg_type: number, set: nft_set): number {
	const trans = nft_trans_alloc(ctx, msg_type);

	if (msg_type === NFT_MSG_NEWSET && ctx.nla.has(NFTA_SET_ID)) {
		trans.set_id = nla_get_u32(ctx.nla, NFTA_SET_ID)!;
		nft_activate_next(ctx.net, set);
	}
	trans.set = set;
	ctx.net.nft.commit_list.push(trans);
	return 0;
}

/**
 * Removes a set in the next generation.
 * @kernel net/netfilter/nf_tables_api.c:425 (v5.10)
 */
function nft_delset(ctx: nft_ctx, set: nft_set): number {
	const err = nft_trans_set_add(ctx, NFT_MSG_DELSET, set);
	if (err < 0) return err;

	nft_deactivate_next(ctx.net, set);
	ctx.table!.use--;
	return err;
}

/**
 * Adds the step that makes or removes an object.
 * @param msg_type NFT_MSG_NEWOBJ or NFT_MSG_DELOBJ
 * @kernel net/netfilter/nf_tables_api.c:439 (v5.10)
 */
function nft_trans_obj_add(ctx: nft_ctx, msg_type: number, obj: nft_object): number {
	const trans = nft_trans_alloc(ctx, msg_type);

	if (msg_type === NFT_MSG_NEWOBJ) nft_activate_next(ctx.net, obj);

	trans.obj = obj;
	ctx.net.nft.commit_list.push(trans);
	return 0;
}

/**
 * Removes an object in the next generation.
 * @kernel net/netfilter/nf_tables_api.c:457 (v5.10)
 */
function nft_delobj(ctx: nft_ctx, obj: nft_object): number {
	const err = nft_trans_obj_add(ctx, NFT_MSG_DELOBJ, obj);
	if (err < 0) return err;

	nft_deactivate_next(ctx.net, obj);
	ctx.table!.use--;
	return err;
}

/**
 * Adds the step that makes or removes a flowtable.
 * @param msg_type NFT_MSG_NEWFLOWTABLE or NFT_MSG_DELFLOWTABLE
 * @kernel net/netfilter/nf_tables_api.c:471 (v5.10)
 */
function nft_trans_flowtable_add(ctx: nft_ctx, msg_type: number, flowtable: nft_flowtable): number {
	const trans = nft_trans_alloc(ctx, msg_type);

	if (msg_type === NFT_MSG_NEWFLOWTABLE) nft_activate_next(ctx.net, flowtable);

	trans.flowtable = flowtable;
	ctx.net.nft.commit_list.push(trans);
	return 0;
}

/**
 * Removes a flowtable in the next generation.
 * @kernel net/netfilter/nf_tables_api.c:490 (v5.10)
 */
function nft_delflowtable(ctx: nft_ctx, flowtable: nft_flowtable): number {
	const err = nft_trans_flowtable_add(ctx, NFT_MSG_DELFLOWTABLE, flowtable);
	if (err < 0) return err;

	nft_deactivate_next(ctx.net, flowtable);
	ctx.table!.use--;
	return err;
}

/*
 * Tables
 */

/**
 * Finds a table.
 * @param nla holds the name
 * @param attr attribute of the name
 * @param genmask bit of the generation
 * @returns the table, -EINVAL without a name, -ENOENT when there is none
 * @kernel net/netfilter/nf_tables_api.c:509 (v5.10)
 */
function nft_table_lookup(
	net: net,
	nla: nlattrs,
	attr: number,
	family: number,
	genmask: number,
): nft_table | number {
	const name = nla_strdup(nla, attr);
	if (name === null) return -EINVAL;

	for (const table of net.nft.tables) {
		if (
			table.name === name &&
			table.family === family &&
			nft_active_genmask(table, genmask)
		)
			return table;
	}
	return -ENOENT;
}

/**
 * Finds a table of any family by its handle.
 * @param attr attribute of the handle
 * @param genmask bit of the generation
 * @returns the table or -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:529 (v5.10)
 */
function nft_table_lookup_byhandle(
	net: net,
	nla: nlattrs,
	attr: number,
	genmask: number,
): nft_table | number {
	const handle = nla_get_u64(nla, attr);
	for (const table of net.nft.tables) {
		if (handle === table.handle && nft_active_genmask(table, genmask)) return table;
	}
	return -ENOENT;
}

/**
 * Takes the next handle of a table.
 * @kernel net/netfilter/nf_tables_api.c:544 (v5.10)
 */
function nf_tables_alloc_handle(table: nft_table): number {
	return ++table.hgenerator;
}

/** By family, then by NFT_CHAIN_T_*. */
const chain_type = machine_var(() =>
	Array.from({ length: NFPROTO_NUMPROTO }, () =>
		new Array<nft_chain_type | null>(NFT_CHAIN_T_MAX).fill(null),
	),
);

/**
 * Chain type by number.
 * @param family NFPROTO_*
 * @param type NFT_CHAIN_T_*
 * @returns null when not registered
 * @kernel net/netfilter/nf_tables_api.c:552 (v5.10)
 */
function __nft_chain_type_get(m: Machine, family: number, type: number): nft_chain_type | null {
	if (family >= NFPROTO_NUMPROTO || type >= NFT_CHAIN_T_MAX) return null;
	return chain_type.of(m)[family][type];
}

/**
 * Chain type by name.
 * @param family NFPROTO_*
 * @returns null when not registered
 * @kernel net/netfilter/nf_tables_api.c:562 (v5.10)
 */
function __nf_tables_chain_type_lookup(
	m: Machine,
	name: string | null,
	family: number,
): nft_chain_type | null {
	for (let i = 0; i < NFT_CHAIN_T_MAX; i++) {
		const type = __nft_chain_type_get(m, family, i);
		if (type !== null && type.name === name) return type;
	}
	return null;
}

/**
 * Chain type by name.
 * @param family NFPROTO_*
 * @returns the type or -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:628 (v5.10)
 */
function nf_tables_chain_type_lookup(
	net: net,
	name: string | null,
	family: number,
): nft_chain_type | number {
	return __nf_tables_chain_type_lookup(net.machine, name, family) ?? -ENOENT;
}

const nft_table_policy: nla_policy = {
	[NFTA_TABLE_NAME]: { type: NLA_STRING, len: NFT_TABLE_MAXNAMELEN - 1 },
	[NFTA_TABLE_FLAGS]: { type: NLA_U32 },
	[NFTA_TABLE_HANDLE]: { type: NLA_U64 },
	[NFTA_TABLE_USERDATA]: { type: NLA_BINARY, len: NFT_USERDATA_MAXLEN },
};

/**
 * Makes an answer with its header.
 * @param event NFT_MSG_NEW*
 * @param flags NLM_F_*
 * @param family NFPROTO_*
 * @kernel PORT: nlmsg_put and the nfgenmsg that all nf_tables_fill_*_info write
 */
function nft_msg_put(
	net: net,
	seq: number,
	event: number,
	flags: number,
	family: number,
): nfnl_msg {
	const msg = new nfnl_msg((NFNL_SUBSYS_NFTABLES << 8) | event, flags, family);
	msg.seq = seq;
	msg.version = NFNETLINK_V0;
	msg.res_id = net.nft.base_seq & 0xffff;
	return msg;
}

/**
 * Describes a table.
 * @param event NFT_MSG_NEWTABLE or NFT_MSG_DELTABLE
 * @kernel net/netfilter/nf_tables_api.c:658 (v5.10)
 */
function nf_tables_fill_table_info(
	net: net,
	seq: number,
	event: number,
	flags: number,
	family: number,
	table: nft_table,
): nfnl_msg {
	const msg = nft_msg_put(net, seq, event, flags, family);
	const tb = msg.tb;

	nla_put_string(tb, NFTA_TABLE_NAME, table.name);
	nla_put_u32(tb, NFTA_TABLE_FLAGS, table.flags);
	nla_put_u32(tb, NFTA_TABLE_USE, table.use);
	nla_put_u64_64bit(tb, NFTA_TABLE_HANDLE, table.handle);

	if (table.udata !== null) nla_put(tb, NFTA_TABLE_USERDATA, table.udata);
	return msg;
}

/**
 * Describes the tables of a family or of all.
 * @kernel net/netfilter/nf_tables_api.c:744 (v5.10)
 */
function nf_tables_dump_tables(net: net, req: nfnl_msg): nfnl_msg[] {
	const family = req.nfgen_family;
	const answer: nfnl_msg[] = [];

	for (const table of net.nft.tables) {
		if (family !== NFPROTO_UNSPEC && family !== table.family) continue;
		if (!nft_is_active(net, table)) continue;
		answer.push(
			nf_tables_fill_table_info(
				net,
				req.seq,
				NFT_MSG_NEWTABLE,
				NLM_F_MULTI,
				table.family,
				table,
			),
		);
	}
	return answer;
}

/**
 * Serves GETTABLE.
 * @returns the description, -EINVAL without a name, -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:802 (v5.10)
 */
function nf_tables_gettable(net: net, req: nfnl_msg, extack: netlink_ext_ack): nfnl_msg[] | number {
	const genmask = nft_genmask_cur(net);
	const family = req.nfgen_family;

	if ((req.flags & NLM_F_DUMP) !== 0) return nf_tables_dump_tables(net, req);

	const table = nft_table_lookup(net, req.tb, NFTA_TABLE_NAME, family, genmask);
	if (IS_ERR(table)) {
		NL_SET_BAD_ATTR(extack, NFTA_TABLE_NAME);
		return table;
	}
	return [nf_tables_fill_table_info(net, req.seq, NFT_MSG_NEWTABLE, 0, family, table)];
}

/**
 * Unregisters the hooks of a table's base chains.
 * @param cnt how many of them, 0 for all
 * @kernel net/netfilter/nf_tables_api.c:846 (v5.10)
 */
function nft_table_disable(net: net, table: nft_table, cnt: number): void {
	let i = 0;

	for (const chain of table.chains) {
		if (!nft_is_active_next(net, chain)) continue;
		if (!nft_is_base_chain(chain)) continue;

		if (cnt !== 0 && i++ === cnt) break;

		nf_tables_unregister_hook(net, table, chain);
	}
}

/**
 * Registers the hooks of a table's base chains.
 * @returns 0, or what registering says; then none is left registered
 * @kernel net/netfilter/nf_tables_api.c:864 (v5.10)
 */
function nf_tables_table_enable(net: net, table: nft_table): number {
	let i = 0;

	for (const chain of table.chains) {
		if (!nft_is_active_next(net, chain)) continue;
		if (!nft_is_base_chain(chain)) continue;

		const err = nf_tables_register_hook(net, table, chain);
		if (err < 0) {
			if (i > 0) nft_table_disable(net, table, i);
			return err;
		}
		i++;
	}
	return 0;
}

/**
 * Unregisters the hooks of all base chains of a table.
 * @kernel net/netfilter/nf_tables_api.c:889 (v5.10)
 */
function nf_tables_table_disable(net: net, table: nft_table): void {
	nft_table_disable(net, table, 0);
}

/**
 * Changes the flags of the context's table.
 * @returns 0, -EINVAL for unknown flags, or what registering hooks says
 * @kernel net/netfilter/nf_tables_api.c:894 (v5.10)
 */
function nf_tables_updtable(ctx: nft_ctx): number {
	const table = ctx.table!;
	let ret = 0;

	const flags = nla_get_u32(ctx.nla, NFTA_TABLE_FLAGS);
	if (flags === null) return 0;

	if ((flags & ~NFT_TABLE_F_DORMANT) !== 0) return -EINVAL;

	if (flags === table.flags) return 0;

	const trans = nft_trans_alloc(ctx, NFT_MSG_NEWTABLE);

	if ((flags & NFT_TABLE_F_DORMANT) !== 0 && (table.flags & NFT_TABLE_F_DORMANT) === 0) {
		trans.enable = false;
	} else if (
		(flags & NFT_TABLE_F_DORMANT) === 0 &&
		(table.flags & NFT_TABLE_F_DORMANT) !== 0
	) {
		table.flags &= ~NFT_TABLE_F_DORMANT;
		ret = nf_tables_table_enable(ctx.net, table);
		if (ret >= 0) trans.enable = true;
		else table.flags |= NFT_TABLE_F_DORMANT;
	}
	if (ret < 0) return ret;

	trans.update = true;
	ctx.net.nft.commit_list.push(trans);
	return 0;
}

/**
 * Serves NEWTABLE.
 * @returns 0, -EINVAL (no name, unknown flags), -EEXIST with NLM_F_EXCL, -EOPNOTSUPP with
 * NLM_F_REPLACE
 * @kernel net/netfilter/nf_tables_api.c:989 (v5.10)
 */
function nf_tables_newtable(net: net, msg: nfnl_msg, extack: netlink_ext_ack): number {
	const genmask = nft_genmask_next(net);
	const family = msg.nfgen_family;
	const nla = msg.tb;
	const old = nft_table_lookup(net, nla, NFTA_TABLE_NAME, family, genmask);
	let flags = 0;

	if (IS_ERR(old)) {
		if (old !== -ENOENT) return old;
	} else {
		if ((msg.flags & NLM_F_EXCL) !== 0) {
			NL_SET_BAD_ATTR(extack, NFTA_TABLE_NAME);
			return -EEXIST;
		}
		if ((msg.flags & NLM_F_REPLACE) !== 0) return -EOPNOTSUPP;

		return nf_tables_updtable(nft_ctx_init(net, msg, family, old, null));
	}

	if (nla.has(NFTA_TABLE_FLAGS)) {
		flags = nla_get_u32(nla, NFTA_TABLE_FLAGS)!;
		if ((flags & ~NFT_TABLE_F_DORMANT) !== 0) return -EINVAL;
	}

	const table = new nft_table(nla_strdup(nla, NFTA_TABLE_NAME)!, family);
	table.udata = nla_data(nla, NFTA_TABLE_USERDATA);
	table.flags = flags;
	table.handle = ++counters.of(net.machine).table_handle;

	const ctx = nft_ctx_init(net, msg, family, table, null);
	const err = nft_trans_table_add(ctx, NFT_MSG_NEWTABLE);
	if (err < 0) return err;

	net.nft.tables.push(table);
	return 0;
}

/**
 * Removes everything in the context's table, and the table.
 * @kernel net/netfilter/nf_tables_api.c:1075 (v5.10)
 */
function nft_flush_table(ctx: nft_ctx): number {
	const net = ctx.net;
	const table = ctx.table!;
	let err: number;

	/* PORT: a copy, for a rule takes its own chain off the list with it. */
	for (const chain of table.chains.slice()) {
		if (!nft_is_active_next(net, chain)) continue;
		if (nft_chain_is_bound(chain)) continue;

		ctx.chain = chain;

		err = nft_delrule_by_chain(ctx);
		if (err < 0) return err;
	}

	for (const set of table.sets.slice()) {
		if (!nft_is_active_next(net, set)) continue;
		if (nft_set_is_anonymous(set) && set.bindings.length > 0) continue;

		err = nft_delset(ctx, set);
		if (err < 0) return err;
	}

	for (const flowtable of table.flowtables.slice()) {
		if (!nft_is_active_next(net, flowtable)) continue;

		err = nft_delflowtable(ctx, flowtable);
		if (err < 0) return err;
	}

	for (const obj of table.objects.slice()) {
		if (!nft_is_active_next(net, obj)) continue;

		err = nft_delobj(ctx, obj);
		if (err < 0) return err;
	}

	for (const chain of table.chains.slice()) {
		if (!nft_is_active_next(net, chain)) continue;
		if (nft_chain_is_bound(chain)) continue;

		ctx.chain = chain;

		err = nft_delchain(ctx);
		if (err < 0) return err;
	}

	return nft_deltable(ctx);
}

/**
 * Removes the tables of a family, or of all.
 * @param family NFPROTO_*
 * @kernel net/netfilter/nf_tables_api.c:1147 (v5.10)
 */
function nft_flush(ctx: nft_ctx, family: number): number {
	const name = nla_strdup(ctx.nla, NFTA_TABLE_NAME);

	for (const table of ctx.net.nft.tables.slice()) {
		if (family !== NFPROTO_UNSPEC && table.family !== family) continue;

		ctx.family = table.family;

		if (!nft_is_active_next(ctx.net, table)) continue;
		if (name !== null && name !== table.name) continue;

		ctx.table = table;

		const err = nft_flush_table(ctx);
		if (err < 0) return err;
	}
	return 0;
}

/**
 * Serves DELTABLE.
 * @returns 0, -ENOENT, -EBUSY with NLM_F_NONREC when something is in it
 * @kernel net/netfilter/nf_tables_api.c:1176 (v5.10)
 */
function nf_tables_deltable(net: net, msg: nfnl_msg, extack: netlink_ext_ack): number {
	const genmask = nft_genmask_next(net);
	const family = msg.nfgen_family;
	const nla = msg.tb;
	let attr = NFTA_TABLE_NAME;

	const ctx = nft_ctx_init(net, msg, 0, null, null);
	if (family === NFPROTO_UNSPEC || (!nla.has(NFTA_TABLE_NAME) && !nla.has(NFTA_TABLE_HANDLE)))
		return nft_flush(ctx, family);

	let table: nft_table | number;
	if (nla.has(NFTA_TABLE_HANDLE)) {
		attr = NFTA_TABLE_HANDLE;
		table = nft_table_lookup_byhandle(net, nla, attr, genmask);
	} else {
		table = nft_table_lookup(net, nla, attr, family, genmask);
	}
	if (IS_ERR(table)) {
		NL_SET_BAD_ATTR(extack, attr);
		return table;
	}

	if ((msg.flags & NLM_F_NONREC) !== 0 && table.use > 0) return -EBUSY;

	ctx.family = family;
	ctx.table = table;

	return nft_flush_table(ctx);
}

/**
 * Destroys the context's table.
 * @kernel net/netfilter/nf_tables_api.c:1216 (v5.10)
 */
function nf_tables_table_destroy(ctx: nft_ctx): void {
	WARN_ON(
		ctx.net.machine,
		ctx.table!.use > 0,
		'nf_tables_table_destroy',
		`table ${ctx.table!.name} in use`,
	);
}

/**
 * Registers a chain type.
 * @kernel net/netfilter/nf_tables_api.c:1227 (v5.10)
 */
export function nft_register_chain_type(m: Machine, ctype: nft_chain_type): void {
	if (
		WARN_ON(
			m,
			__nft_chain_type_get(m, ctype.family, ctype.type) !== null,
			'nft_register_chain_type',
			`${ctype.name} registered twice`,
		)
	)
		return;
	chain_type.of(m)[ctype.family][ctype.type] = ctype;
}

/**
 * Takes a chain type out.
 * @kernel net/netfilter/nf_tables_api.c:1239 (v5.10)
 */
export function nft_unregister_chain_type(m: Machine, ctype: nft_chain_type): void {
	chain_type.of(m)[ctype.family][ctype.type] = null;
}

/*
 * Chains
 */

/**
 * Finds a chain by its handle.
 * @param genmask bit of the generation
 * @returns the chain or -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:1252 (v5.10)
 */
function nft_chain_lookup_byhandle(
	table: nft_table,
	handle: number,
	genmask: number,
): nft_chain | number {
	for (const chain of table.chains) {
		if (chain.handle === handle && nft_active_genmask(chain, genmask)) return chain;
	}
	return -ENOENT;
}

/**
 * Finds a chain by its name.
 * @param nla holds the name
 * @param attr attribute of the name
 * @param genmask bit of the generation
 * @returns the chain, -EINVAL without a name, -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:1274 (v5.10)
 */
function nft_chain_lookup(
	table: nft_table,
	nla: nlattrs,
	attr: number,
	genmask: number,
): nft_chain | number {
	const search = nla_strdup(nla, attr);
	if (search === null) return -EINVAL;

	for (const chain of table.chains_ht.get(search) ?? []) {
		if (nft_active_genmask(chain, genmask)) return chain;
	}
	return -ENOENT;
}

const nft_chain_policy: nla_policy = {
	[NFTA_CHAIN_TABLE]: { type: NLA_STRING, len: NFT_TABLE_MAXNAMELEN - 1 },
	[NFTA_CHAIN_HANDLE]: { type: NLA_U64 },
	[NFTA_CHAIN_NAME]: { type: NLA_STRING, len: NFT_CHAIN_MAXNAMELEN - 1 },
	[NFTA_CHAIN_HOOK]: { type: NLA_NESTED },
	[NFTA_CHAIN_POLICY]: { type: NLA_U32 },
	[NFTA_CHAIN_TYPE]: { type: NLA_STRING, len: NFT_MODULE_AUTOLOAD_LIMIT },
	[NFTA_CHAIN_COUNTERS]: { type: NLA_NESTED },
	[NFTA_CHAIN_FLAGS]: { type: NLA_U32 },
	[NFTA_CHAIN_ID]: { type: NLA_U32 },
	[NFTA_CHAIN_USERDATA]: { type: NLA_BINARY, len: NFT_USERDATA_MAXLEN },
};

const nft_hook_policy: nla_policy = {
	[NFTA_HOOK_HOOKNUM]: { type: NLA_U32 },
	[NFTA_HOOK_PRIORITY]: { type: NLA_U32 },
	[NFTA_HOOK_DEV]: { type: NLA_STRING, len: IFNAMSIZ - 1 },
};

/**
 * Adds the counters of a base chain.
 * @kernel net/netfilter/nf_tables_api.c:1330 (v5.10)
 */
function nft_dump_stats(tb: nlattrs, stats: nft_stats | null): void {
	if (stats === null) return;

	const nest = nla_nest_start(tb, NFTA_CHAIN_COUNTERS);
	nla_put_u64_64bit(nest, NFTA_COUNTER_PACKETS, stats.pkts);
	nla_put_u64_64bit(nest, NFTA_COUNTER_BYTES, stats.bytes);
}

/**
 * Adds the hook of a base chain.
 * @kernel net/netfilter/nf_tables_api.c:1369 (v5.10)
 */
function nft_dump_basechain_hook(tb: nlattrs, family: number, basechain: nft_base_chain): void {
	const ops = basechain.ops;
	const nest = nla_nest_start(tb, NFTA_CHAIN_HOOK);

	nla_put_u32(nest, NFTA_HOOK_HOOKNUM, ops.hooknum);
	nla_put_s32(nest, NFTA_HOOK_PRIORITY, ops.priority);

	if (nft_base_chain_netdev(family, ops.hooknum)) {
		const nest_devs = nla_list_start(nest, NFTA_HOOK_DEVS);
		for (const hook of basechain.hook_list)
			nest_devs.push(new Map([[NFTA_DEVICE_NAME, hook.ops.dev!.name]]));
		if (basechain.hook_list.length === 1)
			nla_put_string(nest, NFTA_HOOK_DEV, basechain.hook_list[0].ops.dev!.name);
	}
}

/**
 * Describes a chain.
 * @param event NFT_MSG_NEWCHAIN or NFT_MSG_DELCHAIN
 * @kernel net/netfilter/nf_tables_api.c:1409 (v5.10)
 */
function nf_tables_fill_chain_info(
	net: net,
	seq: number,
	event: number,
	flags: number,
	family: number,
	table: nft_table,
	chain: nft_chain,
): nfnl_msg {
	const msg = nft_msg_put(net, seq, event, flags, family);
	const tb = msg.tb;

	nla_put_string(tb, NFTA_CHAIN_TABLE, table.name);
	nla_put_u64_64bit(tb, NFTA_CHAIN_HANDLE, chain.handle);
	nla_put_string(tb, NFTA_CHAIN_NAME, chain.name);

	if (nft_is_base_chain(chain)) {
		nft_dump_basechain_hook(tb, family, chain);
		nla_put_u32(tb, NFTA_CHAIN_POLICY, chain.policy);
		nla_put_string(tb, NFTA_CHAIN_TYPE, chain.type.name);
		nft_dump_stats(tb, chain.stats);
	}

	if (chain.flags !== 0) nla_put_u32(tb, NFTA_CHAIN_FLAGS, chain.flags);

	nla_put_u32(tb, NFTA_CHAIN_USE, chain.use);

	if (chain.udata !== null) nla_put(tb, NFTA_CHAIN_USERDATA, chain.udata);
	return msg;
}

/**
 * Describes the chains of a family or of all.
 * @kernel net/netfilter/nf_tables_api.c:1513 (v5.10)
 */
function nf_tables_dump_chains(net: net, req: nfnl_msg): nfnl_msg[] {
	const family = req.nfgen_family;
	const answer: nfnl_msg[] = [];

	for (const table of net.nft.tables) {
		if (family !== NFPROTO_UNSPEC && family !== table.family) continue;

		for (const chain of table.chains) {
			if (!nft_is_active(net, chain)) continue;
			answer.push(
				nf_tables_fill_chain_info(
					net,
					req.seq,
					NFT_MSG_NEWCHAIN,
					NLM_F_MULTI,
					table.family,
					table,
					chain,
				),
			);
		}
	}
	return answer;
}

/**
 * Serves GETCHAIN.
 * @returns the description, -EINVAL without names, -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:1559 (v5.10)
 */
function nf_tables_getchain(net: net, req: nfnl_msg, extack: netlink_ext_ack): nfnl_msg[] | number {
	const genmask = nft_genmask_cur(net);
	const family = req.nfgen_family;

	if ((req.flags & NLM_F_DUMP) !== 0) return nf_tables_dump_chains(net, req);

	const table = nft_table_lookup(net, req.tb, NFTA_CHAIN_TABLE, family, genmask);
	if (IS_ERR(table)) {
		NL_SET_BAD_ATTR(extack, NFTA_CHAIN_TABLE);
		return table;
	}

	const chain = nft_chain_lookup(table, req.tb, NFTA_CHAIN_NAME, genmask);
	if (IS_ERR(chain)) {
		NL_SET_BAD_ATTR(extack, NFTA_CHAIN_NAME);
		return chain;
	}
	return [nf_tables_fill_chain_info(net, req.seq, NFT_MSG_NEWCHAIN, 0, family, table, chain)];
}

const nft_counter_policy: nla_policy = {
	[NFTA_COUNTER_PACKETS]: { type: NLA_U64 },
	[NFTA_COUNTER_BYTES]: { type: NLA_U64 },
};

/**
 * Makes counters of a base chain with given values.
 * @returns the counters or -EINVAL
 * @kernel net/netfilter/nf_tables_api.c:1615 (v5.10)
 */
function nft_stats_alloc(attr: nlattrs): nft_stats | number {
	const err = nla_validate(attr, nft_counter_policy);
	if (err < 0) return err;

	const bytes = nla_get_u64(attr, NFTA_COUNTER_BYTES);
	const pkts = nla_get_u64(attr, NFTA_COUNTER_PACKETS);
	if (bytes === null || pkts === null) return -EINVAL;

	const stats = new nft_stats();
	stats.bytes = bytes;
	stats.pkts = pkts;
	return stats;
}

/**
 * Puts new counters into a base chain.
 * @kernel net/netfilter/nf_tables_api.c:1646 (v5.10)
 */
function nft_chain_stats_replace(trans: nft_trans, chain: nft_base_chain): void {
	if (trans.stats !== null) chain.stats = trans.stats;
}

/**
 * Drops what packets ran through.
 * @kernel net/netfilter/nf_tables_api.c:1661 (v5.10)
 */
function nf_tables_chain_free_chain_rules(m: Machine, chain: nft_chain): void {
	chain.rules_gen_0 = [];
	chain.rules_gen_1 = [];

	/* gone either by an abort or by a commit */
	WARN_ON(
		m,
		chain.rules_next !== null,
		'nf_tables_chain_free_chain_rules',
		'rules_next left over',
	);
	chain.rules_next = null;
}

/**
 * Destroys the context's chain, which nothing refers to any more.
 * @kernel net/netfilter/nf_tables_api.c:1675 (v5.10)
 */
export function nf_tables_chain_destroy(ctx: nft_ctx): void {
	const chain = ctx.chain!;

	if (
		WARN_ON(
			ctx.net.machine,
			chain.use > 0,
			'nf_tables_chain_destroy',
			`chain ${chain.name} in use`,
		)
	)
		return;

	nf_tables_chain_free_chain_rules(ctx.net.machine, chain);

	if (nft_is_base_chain(chain)) {
		if (nft_base_chain_netdev(ctx.family, chain.ops.hooknum)) chain.hook_list = [];
		chain.stats = null;
	}
}

/**
 * Lets a packet pass; what a hook does before it is set up.
 * @kernel PORT: the pointer that nft_netdev_hook_alloc() leaves unset
 */
function nft_hook_unset(): number {
	return NF_ACCEPT;
}

/**
 * Makes a hook of a device.
 * @param name of the device, cut to the length of a name
 * @returns the hook, -ENOENT without such a device
 * @kernel net/netfilter/nf_tables_api.c:1711 (v5.10)
 */
function nft_netdev_hook_alloc(net: net, name: string): nft_hook_dev | number {
	const dev = __dev_get_by_name(net, name.slice(0, IFNAMSIZ - 1));
	if (dev === null) return -ENOENT;
	return new nft_hook_dev({
		hook: nft_hook_unset,
		dev,
		priv: null,
		pf: 0,
		hooknum: 0,
		priority: 0,
	});
}

/**
 * Finds the hook on the same device.
 * @returns null when there is none
 * @kernel net/netfilter/nf_tables_api.c:1746 (v5.10)
 */
function nft_hook_list_find(
	hook_list: readonly nft_hook_dev[],
	self: nft_hook_dev,
): nft_hook_dev | null {
	for (const hook of hook_list) {
		if (self.ops.dev === hook.ops.dev) return hook;
	}
	return null;
}

/**
 * Makes hooks of a list of devices.
 * @param attr the list
 * @param hook_list takes the hooks, is empty after an error
 * @returns 0, -EINVAL (no name), -ENOENT (no device), -EEXIST (a device twice), -EFBIG
 * @kernel net/netfilter/nf_tables_api.c:1759 (v5.10)
 */
function nf_tables_parse_netdev_hooks(
	net: net,
	attr: readonly nlattrs[],
	hook_list: nft_hook_dev[],
): number {
	let n = 0;
	let err: number;

	err_hook: {
		for (const tmp of attr) {
			const name = nla_strdup(tmp, NFTA_DEVICE_NAME);
			if (name === null) {
				err = -EINVAL;
				break err_hook;
			}

			const hook = nft_netdev_hook_alloc(net, name);
			if (IS_ERR(hook)) {
				err = hook;
				break err_hook;
			}
			if (nft_hook_list_find(hook_list, hook) !== null) {
				err = -EEXIST;
				break err_hook;
			}
			hook_list.push(hook);
			n++;

			if (n === NFT_NETDEVICE_MAX) {
				err = -EFBIG;
				break err_hook;
			}
		}
		return 0;
	}
	hook_list.length = 0;
	return err;
}

/** What a request says about the hook of a base chain. */
class nft_chain_hook {
	num = 0;
	priority = 0;
	type: nft_chain_type;
	list: nft_hook_dev[] = [];

	constructor(type: nft_chain_type) {
		this.type = type;
	}
}

/**
 * Reads the devices of a base chain.
 * @param tb attributes of the hook
 * @param hook_list takes the hooks
 * @returns 0, -EINVAL without a device, or as nf_tables_parse_netdev_hooks()
 * @kernel net/netfilter/nf_tables_api.c:1809 (v5.10)
 */
function nft_chain_parse_netdev(net: net, tb: nlattrs, hook_list: nft_hook_dev[]): number {
	const name = nla_strdup(tb, NFTA_HOOK_DEV);
	const devs = nla_nested_list(tb, NFTA_HOOK_DEVS);

	if (name !== null) {
		const hook = nft_netdev_hook_alloc(net, name);
		if (IS_ERR(hook)) return hook;

		hook_list.push(hook);
	} else if (devs !== null) {
		const err = nf_tables_parse_netdev_hooks(net, devs, hook_list);
		if (err < 0) return err;

		if (hook_list.length === 0) return -EINVAL;
	} else {
		return -EINVAL;
	}
	return 0;
}

/**
 * Reads the hook of a base chain.
 * @param family NFPROTO_*
 * @returns the hook; -EINVAL (something missing), -ENOENT (no such type), -EOPNOTSUPP (family,
 * hook or priority that the type does not take, devices where none belong), or as
 * nft_chain_parse_netdev()
 * @kernel net/netfilter/nf_tables_api.c:1837 (v5.10)
 */
function nft_chain_parse_hook(net: net, nla: nlattrs, family: number): nft_chain_hook | number {
	const ha = nla_parse_nested(nla, NFTA_CHAIN_HOOK);
	if (ha === null) return -EINVAL;
	const bad = nla_validate(ha, nft_hook_policy);
	if (bad < 0) return bad;

	const num = nla_get_u32(ha, NFTA_HOOK_HOOKNUM);
	const priority = nla_get_s32(ha, NFTA_HOOK_PRIORITY);
	if (num === null || priority === null) return -EINVAL;

	let type: nft_chain_type | null | number = __nft_chain_type_get(
		net.machine,
		family,
		NFT_CHAIN_T_DEFAULT,
	);
	if (type === null) return -EOPNOTSUPP;

	if (nla.has(NFTA_CHAIN_TYPE)) {
		type = nf_tables_chain_type_lookup(net, nla_strdup(nla, NFTA_CHAIN_TYPE), family);
		if (IS_ERR(type)) return type;
	}
	if (num >= NFT_MAX_HOOKS || (type.hook_mask & (1 << num)) === 0) return -EOPNOTSUPP;

	if (type.type === NFT_CHAIN_T_NAT && priority <= NF_IP_PRI_CONNTRACK) return -EOPNOTSUPP;

	const hook = new nft_chain_hook(type);
	hook.num = num;
	hook.priority = priority;

	if (nft_base_chain_netdev(family, num)) {
		const err = nft_chain_parse_netdev(net, ha, hook.list);
		if (err < 0) return err;
	} else if (ha.has(NFTA_HOOK_DEV) || ha.has(NFTA_HOOK_DEVS)) {
		return -EOPNOTSUPP;
	}
	return hook;
}

/**
 * Fills a hook in.
 * @param family NFPROTO_*
 * @kernel net/netfilter/nf_tables_api.c:1931 (v5.10)
 */
function nft_basechain_hook_init(
	ops: nf_hook_ops,
	family: number,
	hook: nft_chain_hook,
	chain: nft_chain,
): void {
	ops.pf = family;
	ops.hooknum = hook.num;
	ops.priority = hook.priority;
	ops.priv = chain;
	ops.hook = hook.type.hooks[hook.num];
}

/**
 * Sets a base chain up.
 * @param family NFPROTO_*
 * @param flags NFT_CHAIN_*
 * @returns 0, -EOPNOTSUPP for hardware offload with an unfit priority
 * @kernel net/netfilter/nf_tables_api.c:1942 (v5.10)
 */
function nft_basechain_init(
	basechain: nft_base_chain,
	family: number,
	hook: nft_chain_hook,
	flags: number,
): number {
	if (nft_base_chain_netdev(family, hook.num)) {
		basechain.hook_list = hook.list;
		hook.list = [];
		for (const h of basechain.hook_list)
			nft_basechain_hook_init(h.ops, family, hook, basechain);

		basechain.ops.hooknum = hook.num;
		basechain.ops.priority = hook.priority;
	} else {
		nft_basechain_hook_init(basechain.ops, family, hook, basechain);
	}

	basechain.flags |= NFT_CHAIN_BASE | flags;
	basechain.policy = NF_ACCEPT;
	if (
		(basechain.flags & NFT_CHAIN_HW_OFFLOAD) !== 0 &&
		nft_chain_offload_priority(basechain) < 0
	)
		return -EOPNOTSUPP;
	return 0;
}

/**
 * Puts a chain among those of its table.
 * @returns 0
 * @kernel net/netfilter/nf_tables_api.c:1974 (v5.10)
 */
function nft_chain_add(table: nft_table, chain: nft_chain): number {
	const same = table.chains_ht.get(chain.name);
	if (same === undefined) table.chains_ht.set(chain.name, [chain]);
	else same.push(chain);

	table.chains.push(chain);
	return 0;
}

/**
 * Makes a chain.
 * @param family NFPROTO_*
 * @param policy NF_ACCEPT or NF_DROP, for base chains
 * @param flags NFT_CHAIN_*
 * @returns 0, -EINVAL, -EOPNOTSUPP, or what the hook says
 * @kernel net/netfilter/nf_tables_api.c:1990 (v5.10)
 */
function nf_tables_addchain(ctx: nft_ctx, family: number, policy: number, flags: number): number {
	const nla = ctx.nla;
	const table = ctx.table!;
	const net = ctx.net;
	let chain: nft_chain;
	let err: number;

	if (nla.has(NFTA_CHAIN_HOOK)) {
		if ((flags & NFT_CHAIN_BINDING) !== 0) return -EOPNOTSUPP;

		const hook = nft_chain_parse_hook(net, nla, family);
		if (IS_ERR(hook)) return hook;

		const basechain = new nft_base_chain(table, hook.type, {
			hook: nft_hook_unset,
			dev: null,
			priv: null,
			pf: 0,
			hooknum: 0,
			priority: 0,
		});
		chain = basechain;

		const counters = nla_parse_nested(nla, NFTA_CHAIN_COUNTERS);
		if (counters !== null) {
			const stats = nft_stats_alloc(counters);
			if (IS_ERR(stats)) return stats;
			basechain.stats = stats;
		}

		err = nft_basechain_init(basechain, family, hook, flags);
		if (err < 0) return err;
	} else {
		if ((flags & NFT_CHAIN_BASE) !== 0) return -EINVAL;
		if ((flags & NFT_CHAIN_HW_OFFLOAD) !== 0) return -EOPNOTSUPP;

		chain = new nft_chain(table);
		chain.flags = flags;
	}
	ctx.chain = chain;

	chain.handle = nf_tables_alloc_handle(table);

	err_destroy_chain: {
		const name = nla_strdup(nla, NFTA_CHAIN_NAME);
		if (name !== null) {
			chain.name = name;
		} else {
			if ((flags & NFT_CHAIN_BINDING) === 0) {
				err = -EINVAL;
				break err_destroy_chain;
			}
			chain.name = `__chain${++counters.of(net.machine).chain_id}`;
		}

		chain.udata = nla_data(nla, NFTA_CHAIN_USERDATA);

		err = nf_tables_register_hook(net, table, chain);
		if (err < 0) break err_destroy_chain;

		const trans = nft_trans_chain_add(ctx, NFT_MSG_NEWCHAIN);

		trans.policy = NFT_CHAIN_POLICY_UNSET;
		if (nft_is_base_chain(chain)) trans.policy = policy;

		nft_chain_add(table, chain);
		table.use++;
		return 0;
	}
	nf_tables_chain_destroy(ctx);
	return err;
}

/**
 * Tells whether two lists name the same devices.
 * @kernel net/netfilter/nf_tables_api.c:2126 (v5.10)
 */
function nft_hook_list_equal(
	hook_list1: readonly nft_hook_dev[],
	hook_list2: readonly nft_hook_dev[],
): boolean {
	for (const hook of hook_list2) {
		if (nft_hook_list_find(hook_list1, hook) === null) return false;
	}
	return hook_list1.length === hook_list2.length;
}

/**
 * Changes the context's chain: policy, name, counters.
 * @param genmask bit of the generation
 * @param policy NF_ACCEPT or NF_DROP
 * @param flags NFT_CHAIN_*
 * @param attr attribute that named the chain
 * @returns 0, -EOPNOTSUPP (other flags), -EEXIST (another hook, a name in use)
 * @kernel net/netfilter/nf_tables_api.c:2145 (v5.10)
 */
function nf_tables_updchain(
	ctx: nft_ctx,
	genmask: number,
	policy: number,
	flags: number,
	attr: number,
	extack: netlink_ext_ack,
): number {
	const nla = ctx.nla;
	const table = ctx.table!;
	const chain = ctx.chain!;
	let stats: nft_stats | null = null;

	if ((chain.flags ^ flags) !== 0) return -EOPNOTSUPP;

	if (nla.has(NFTA_CHAIN_HOOK)) {
		if (!nft_is_base_chain(chain)) {
			NL_SET_BAD_ATTR(extack, attr);
			return -EEXIST;
		}
		const hook = nft_chain_parse_hook(ctx.net, nla, ctx.family);
		if (IS_ERR(hook)) return hook;

		if (chain.type !== hook.type) {
			NL_SET_BAD_ATTR(extack, attr);
			return -EEXIST;
		}

		if (nft_base_chain_netdev(ctx.family, hook.num)) {
			if (!nft_hook_list_equal(chain.hook_list, hook.list)) {
				NL_SET_BAD_ATTR(extack, attr);
				return -EEXIST;
			}
		} else {
			const ops = chain.ops;
			if (ops.hooknum !== hook.num || ops.priority !== hook.priority) {
				NL_SET_BAD_ATTR(extack, attr);
				return -EEXIST;
			}
		}
	}

	const rename = nla.has(NFTA_CHAIN_HANDLE) && nla.has(NFTA_CHAIN_NAME);
	if (rename) {
		const chain2 = nft_chain_lookup(table, nla, NFTA_CHAIN_NAME, genmask);
		if (!IS_ERR(chain2)) {
			NL_SET_BAD_ATTR(extack, NFTA_CHAIN_NAME);
			return -EEXIST;
		}
	}

	const counters = nla_parse_nested(nla, NFTA_CHAIN_COUNTERS);
	if (counters !== null) {
		if (!nft_is_base_chain(chain)) return -EOPNOTSUPP;

		const s = nft_stats_alloc(counters);
		if (IS_ERR(s)) return s;
		stats = s;
	}

	const trans = nft_trans_alloc(ctx, NFT_MSG_NEWCHAIN);
	trans.stats = stats;
	trans.update = true;
	trans.policy = nla.has(NFTA_CHAIN_POLICY) ? policy : -1;

	if (rename) {
		const name = nla_strdup(nla, NFTA_CHAIN_NAME)!;
		for (const tmp of ctx.net.nft.commit_list) {
			if (
				tmp.msg_type === NFT_MSG_NEWCHAIN &&
				tmp.ctx.table === table &&
				tmp.update &&
				tmp.chain_name === name
			) {
				NL_SET_BAD_ATTR(extack, NFTA_CHAIN_NAME);
				return -EEXIST;
			}
		}
		trans.chain_name = name;
	}
	ctx.net.nft.commit_list.push(trans);
	return 0;
}

/**
 * Finds a chain that the running batch makes.
 * @param nla holds the id
 * @param attr attribute of the id
 * @returns the chain or -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:2267 (v5.10)
 */
function nft_chain_lookup_byid(net: net, nla: nlattrs, attr: number): nft_chain | number {
	const id = nla_get_u32(nla, attr);

	for (const trans of net.nft.commit_list) {
		if (trans.msg_type === NFT_MSG_NEWCHAIN && id === trans.chain_id)
			return trans.ctx.chain!;
	}
	return -ENOENT;
}

/**
 * Serves NEWCHAIN.
 * @returns 0, -ENOENT (no table), -EINVAL, -EEXIST, -EOPNOTSUPP (policy of a chain without hook,
 * unknown flags, a hook that is not there), or what the hook says
 * @kernel net/netfilter/nf_tables_api.c:2283 (v5.10)
 */
function nf_tables_newchain(net: net, msg: nfnl_msg, extack: netlink_ext_ack): number {
	const genmask = nft_genmask_next(net);
	const family = msg.nfgen_family;
	const nla = msg.tb;
	let chain: nft_chain | null = null;
	let attr = NFTA_CHAIN_NAME;
	let policy = NF_ACCEPT;
	let flags = 0;

	const table = nft_table_lookup(net, nla, NFTA_CHAIN_TABLE, family, genmask);
	if (IS_ERR(table)) {
		NL_SET_BAD_ATTR(extack, NFTA_CHAIN_TABLE);
		return table;
	}

	if (nla.has(NFTA_CHAIN_HANDLE)) {
		const handle = nla_get_u64(nla, NFTA_CHAIN_HANDLE)!;
		const c = nft_chain_lookup_byhandle(table, handle, genmask);
		if (IS_ERR(c)) {
			NL_SET_BAD_ATTR(extack, NFTA_CHAIN_HANDLE);
			return c;
		}
		chain = c;
		attr = NFTA_CHAIN_HANDLE;
	} else if (nla.has(NFTA_CHAIN_NAME)) {
		const c = nft_chain_lookup(table, nla, attr, genmask);
		if (IS_ERR(c)) {
			if (c !== -ENOENT) {
				NL_SET_BAD_ATTR(extack, attr);
				return c;
			}
		} else {
			chain = c;
		}
	} else if (!nla.has(NFTA_CHAIN_ID)) {
		return -EINVAL;
	}

	if (nla.has(NFTA_CHAIN_POLICY)) {
		if (chain !== null && !nft_is_base_chain(chain)) {
			NL_SET_BAD_ATTR(extack, NFTA_CHAIN_POLICY);
			return -EOPNOTSUPP;
		}

		if (chain === null && !nla.has(NFTA_CHAIN_HOOK)) {
			NL_SET_BAD_ATTR(extack, NFTA_CHAIN_POLICY);
			return -EOPNOTSUPP;
		}

		/* PORT: u8 in C, a greater number is cut before it is looked at. */
		policy = nla_get_u32(nla, NFTA_CHAIN_POLICY)! & 0xff;
		switch (policy) {
			case NF_DROP:
			case NF_ACCEPT:
				break;
			default:
				return -EINVAL;
		}
	}

	if (nla.has(NFTA_CHAIN_FLAGS)) flags = nla_get_u32(nla, NFTA_CHAIN_FLAGS)!;
	else if (chain !== null) flags = chain.flags;

	if ((flags & ~NFT_CHAIN_FLAGS) !== 0) return -EOPNOTSUPP;

	const ctx = nft_ctx_init(net, msg, family, table, chain);

	if (chain !== null) {
		if ((msg.flags & NLM_F_EXCL) !== 0) {
			NL_SET_BAD_ATTR(extack, attr);
			return -EEXIST;
		}
		if ((msg.flags & NLM_F_REPLACE) !== 0) return -EOPNOTSUPP;

		flags |= chain.flags & NFT_CHAIN_BASE;
		return nf_tables_updchain(ctx, genmask, policy, flags, attr, extack);
	}

	return nf_tables_addchain(ctx, family, policy, flags);
}

/**
 * Serves DELCHAIN: removes the chain with its rules.
 * @returns 0, -ENOENT, -EBUSY when something jumps to it
 * @kernel net/netfilter/nf_tables_api.c:2380 (v5.10)
 */
function nf_tables_delchain(net: net, msg: nfnl_msg, extack: netlink_ext_ack): number {
	const genmask = nft_genmask_next(net);
	const family = msg.nfgen_family;
	const nla = msg.tb;
	let attr = NFTA_CHAIN_NAME;
	let chain: nft_chain | number;

	const table = nft_table_lookup(net, nla, NFTA_CHAIN_TABLE, family, genmask);
	if (IS_ERR(table)) {
		NL_SET_BAD_ATTR(extack, NFTA_CHAIN_TABLE);
		return table;
	}

	if (nla.has(NFTA_CHAIN_HANDLE)) {
		attr = NFTA_CHAIN_HANDLE;
		chain = nft_chain_lookup_byhandle(table, nla_get_u64(nla, attr)!, genmask);
	} else {
		chain = nft_chain_lookup(table, nla, attr, genmask);
	}
	if (IS_ERR(chain)) {
		NL_SET_BAD_ATTR(extack, attr);
		return chain;
	}

	if ((msg.flags & NLM_F_NONREC) !== 0 && chain.use > 0) return -EBUSY;

	const ctx = nft_ctx_init(net, msg, family, table, chain);

	let use = chain.use;
	for (const rule of chain.rules) {
		if (!nft_is_active_next(net, rule)) continue;
		use--;

		const err = nft_delrule(ctx, rule);
		if (err < 0) return err;
	}

	/* What is left are jumps of rules and elements that stay. */
	if (use > 0) {
		NL_SET_BAD_ATTR(extack, attr);
		return -EBUSY;
	}

	return nft_delchain(ctx);
}

/*
 * Expressions
 */

/**
 * Registers a kind of expression; one for a single family goes in front.
 * @returns 0
 * @kernel net/netfilter/nf_tables_api.c:2455 (v5.10)
 */
export function nft_register_expr(m: Machine, type: nft_expr_type): number {
	if ((type.family ?? NFPROTO_UNSPEC) === NFPROTO_UNSPEC)
		nf_tables_expressions.of(m).push(type);
	else nf_tables_expressions.of(m).unshift(type);
	return 0;
}

/**
 * Takes a kind of expression out.
 * @kernel net/netfilter/nf_tables_api.c:2473 (v5.10)
 */
export function nft_unregister_expr(m: Machine, type: nft_expr_type): void {
	list_del(nf_tables_expressions.of(m), type);
}

/**
 * Finds the kind of expression of a name, the one of the family if there is one.
 * @param family NFPROTO_*
 * @returns null when not registered
 * @kernel net/netfilter/nf_tables_api.c:2481 (v5.10)
 */
function __nft_expr_type_get(m: Machine, family: number, name: string): nft_expr_type | null {
	let candidate: nft_expr_type | null = null;

	for (const type of nf_tables_expressions.of(m)) {
		if (type.name !== name) continue;
		const type_family = type.family ?? NFPROTO_UNSPEC;
		if (type_family === NFPROTO_UNSPEC && candidate === null) candidate = type;
		else if (type_family === family) candidate = type;
	}
	return candidate;
}

/**
 * Finds the kind of expression that a request names.
 * @param family NFPROTO_*
 * @returns the type, -EINVAL without a name, -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:2509 (v5.10)
 */
function nft_expr_type_get(net: net, family: number, name: string | null): nft_expr_type | number {
	if (name === null) return -EINVAL;
	return __nft_expr_type_get(net.machine, family, name) ?? -ENOENT;
}

const nft_expr_policy: nla_policy = {
	[NFTA_EXPR_NAME]: { type: NLA_STRING, len: NFT_MODULE_AUTOLOAD_LIMIT },
	[NFTA_EXPR_DATA]: { type: NLA_NESTED },
};

/**
 * Describes an expression.
 * @param tb takes name and parameters
 * @kernel net/netfilter/nf_tables_api.c:2543 (v5.10)
 */
function nf_tables_fill_expr_info(tb: nlattrs, expr: nft_expr): void {
	nla_put_string(tb, NFTA_EXPR_NAME, expr.ops.type.name);

	if (expr.ops.dump !== undefined) expr.ops.dump(nla_nest_start(tb, NFTA_EXPR_DATA), expr);
}

/**
 * Adds the description of an expression as an attribute.
 * @kernel net/netfilter/nf_tables_api.c:2565 (v5.10)
 */
export function nft_expr_dump(tb: nlattrs, attr: number, expr: nft_expr): number {
	nf_tables_fill_expr_info(nla_nest_start(tb, attr), expr);
	return 0;
}

/** An expression as a request gives it. */
interface nft_expr_info {
	ops: nft_expr_ops;
	tb: nlattrs;
}

/**
 * Finds out what an expression shall do.
 * @param nla name and parameters
 * @returns operations and parameters, or -errno: -EINVAL, -ENOENT (no such expression), or what
 * the expression says
 * @kernel net/netfilter/nf_tables_api.c:2588 (v5.10)
 */
function nf_tables_expr_parse(ctx: nft_ctx, nla: nlattrs): nft_expr_info | number {
	let err = nla_validate(nla, nft_expr_policy);
	if (err < 0) return err;

	const type = nft_expr_type_get(ctx.net, ctx.family, nla_strdup(nla, NFTA_EXPR_NAME));
	if (IS_ERR(type)) return type;

	const tb: nlattrs =
		nla_parse_nested(nla, NFTA_EXPR_DATA) ?? new Map<number, nlattr_value>();
	err = nla_validate(tb, type.policy);
	if (err < 0) return err;

	let ops: nft_expr_ops | number;
	if (type.select_ops !== undefined) {
		ops = type.select_ops(ctx, tb);
		if (IS_ERR(ops)) return ops === -EAGAIN ? -ENOENT : ops;
	} else {
		ops = type.ops!;
	}
	return { ops, tb };
}

/**
 * Sets an expression up.
 * @returns 0 or what the expression says
 * @kernel net/netfilter/nf_tables_api.c:2642 (v5.10)
 */
function nf_tables_newexpr(ctx: nft_ctx, info: nft_expr_info, expr: nft_expr): number {
	if (info.ops.init !== undefined) {
		const err = info.ops.init(ctx, expr, info.tb);
		if (err < 0) return err;
	}
	return 0;
}

/**
 * Destroys what an expression holds.
 * @kernel net/netfilter/nf_tables_api.c:2662 (v5.10)
 */
function nf_tables_expr_destroy(ctx: nft_ctx, expr: nft_expr): void {
	expr.ops.destroy?.(ctx, expr);
}

/**
 * Makes an expression outside of a rule.
 * @param nla name and parameters
 * @returns the expression or -errno
 * @kernel net/netfilter/nf_tables_api.c:2672 (v5.10)
 */
function nft_expr_init(ctx: nft_ctx, nla: nlattrs): nft_expr | number {
	const info = nf_tables_expr_parse(ctx, nla);
	if (IS_ERR(info)) return info;

	const expr = new nft_expr(info.ops);
	const err = nf_tables_newexpr(ctx, info, expr);
	if (err < 0) return err;
	return expr;
}

/**
 * Copies an expression.
 * @param dst made with the operations of src
 * @returns 0 or what the expression says
 * @kernel net/netfilter/nf_tables_api.c:2706 (v5.10)
 */
export function nft_expr_clone(dst: nft_expr, src: nft_expr): number {
	if (src.ops.clone !== undefined) {
		dst.ops = src.ops;
		dst.eval = src.eval;
		const err = src.ops.clone(dst, src);
		if (err < 0) return err;
	} else if (dst.data !== null) {
		Object.assign(dst.data, src.data);
	}
	return 0;
}

/**
 * Destroys an expression outside of a rule.
 * @kernel net/netfilter/nf_tables_api.c:2724 (v5.10)
 */
export function nft_expr_destroy(ctx: nft_ctx, expr: nft_expr): void {
	nf_tables_expr_destroy(ctx, expr);
}

/*
 * Rules
 */

/**
 * Finds a rule, active or not.
 * @returns the rule or -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:2734 (v5.10)
 */
function __nft_rule_lookup(chain: nft_chain, handle: number): nft_rule | number {
	for (const rule of chain.rules) {
		if (handle === rule.handle) return rule;
	}
	return -ENOENT;
}

/**
 * Finds the rule that a request names.
 * @param attr attribute of the handle
 * @returns the rule, -EINVAL without a handle, -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:2748 (v5.10)
 */
function nft_rule_lookup(chain: nft_chain, nla: nlattrs, attr: number): nft_rule | number {
	const handle = nla_get_u64(nla, attr);
	if (handle === null) return -EINVAL;
	return __nft_rule_lookup(chain, handle);
}

const nft_rule_policy: nla_policy = {
	[NFTA_RULE_TABLE]: { type: NLA_STRING, len: NFT_TABLE_MAXNAMELEN - 1 },
	[NFTA_RULE_CHAIN]: { type: NLA_STRING, len: NFT_CHAIN_MAXNAMELEN - 1 },
	[NFTA_RULE_HANDLE]: { type: NLA_U64 },
	[NFTA_RULE_EXPRESSIONS]: { type: NLA_NESTED_LIST },
	[NFTA_RULE_COMPAT]: { type: NLA_NESTED },
	[NFTA_RULE_POSITION]: { type: NLA_U64 },
	[NFTA_RULE_USERDATA]: { type: NLA_BINARY, len: NFT_USERDATA_MAXLEN },
	[NFTA_RULE_ID]: { type: NLA_U32 },
	[NFTA_RULE_POSITION_ID]: { type: NLA_U32 },
	[NFTA_RULE_CHAIN_ID]: { type: NLA_U32 },
};

/**
 * Describes a rule.
 * @param event NFT_MSG_NEWRULE or NFT_MSG_DELRULE
 * @param prule the rule before it, null for none
 * @kernel net/netfilter/nf_tables_api.c:2773 (v5.10)
 */
function nf_tables_fill_rule_info(
	net: net,
	seq: number,
	event: number,
	flags: number,
	family: number,
	table: nft_table,
	chain: nft_chain,
	rule: nft_rule,
	prule: nft_rule | null,
): nfnl_msg {
	const msg = nft_msg_put(net, seq, event, flags, family);
	const tb = msg.tb;

	nla_put_string(tb, NFTA_RULE_TABLE, table.name);
	nla_put_string(tb, NFTA_RULE_CHAIN, chain.name);
	nla_put_u64_64bit(tb, NFTA_RULE_HANDLE, rule.handle);

	if (event !== NFT_MSG_DELRULE && prule !== null)
		nla_put_u64_64bit(tb, NFTA_RULE_POSITION, prule.handle);

	const list = nla_list_start(tb, NFTA_RULE_EXPRESSIONS);
	for (const expr of rule.expr) {
		const elem: nlattrs = new Map();
		nf_tables_fill_expr_info(elem, expr);
		list.push(elem);
	}

	if (rule.udata !== null) nla_put(tb, NFTA_RULE_USERDATA, rule.udata);
	return msg;
}

/**
 * Describes the rules of a chain.
 * @param answer takes the descriptions
 * @kernel net/netfilter/nf_tables_api.c:2880 (v5.10)
 */
function __nf_tables_dump_rules(
	net: net,
	req: nfnl_msg,
	table: nft_table,
	chain: nft_chain,
	answer: nfnl_msg[],
): void {
	let prule: nft_rule | null = null;

	for (const rule of chain.rules) {
		if (!nft_is_active(net, rule)) continue;
		answer.push(
			nf_tables_fill_rule_info(
				net,
				req.seq,
				NFT_MSG_NEWRULE,
				NLM_F_MULTI | NLM_F_APPEND,
				table.family,
				table,
				chain,
				rule,
				prule,
			),
		);
		prule = rule;
	}
}

/**
 * Describes the rules of a chain, of a table, of a family or of all.
 * @kernel net/netfilter/nf_tables_api.c:2917 (v5.10)
 */
function nf_tables_dump_rules(net: net, req: nfnl_msg): nfnl_msg[] {
	const family = req.nfgen_family;
	const table_name = nla_strdup(req.tb, NFTA_RULE_TABLE);
	const chain_name = nla_strdup(req.tb, NFTA_RULE_CHAIN);
	const answer: nfnl_msg[] = [];

	for (const table of net.nft.tables) {
		if (family !== NFPROTO_UNSPEC && family !== table.family) continue;

		if (table_name !== null && table_name !== table.name) continue;

		if (table_name !== null && chain_name !== null) {
			for (const chain of table.chains_ht.get(chain_name) ?? []) {
				if (!nft_is_active(net, chain)) continue;
				__nf_tables_dump_rules(net, req, table, chain, answer);
				break;
			}
			break;
		}

		for (const chain of table.chains)
			__nf_tables_dump_rules(net, req, table, chain, answer);

		if (table_name !== null) break;
	}
	return answer;
}

/**
 * Serves GETRULE.
 * @returns the description, -EINVAL, -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:3017 (v5.10)
 */
function nf_tables_getrule(net: net, req: nfnl_msg, extack: netlink_ext_ack): nfnl_msg[] | number {
	const genmask = nft_genmask_cur(net);
	const family = req.nfgen_family;
	const nla = req.tb;

	if ((req.flags & NLM_F_DUMP) !== 0) return nf_tables_dump_rules(net, req);

	const table = nft_table_lookup(net, nla, NFTA_RULE_TABLE, family, genmask);
	if (IS_ERR(table)) {
		NL_SET_BAD_ATTR(extack, NFTA_RULE_TABLE);
		return table;
	}

	const chain = nft_chain_lookup(table, nla, NFTA_RULE_CHAIN, genmask);
	if (IS_ERR(chain)) {
		NL_SET_BAD_ATTR(extack, NFTA_RULE_CHAIN);
		return chain;
	}

	const rule = nft_rule_lookup(chain, nla, NFTA_RULE_HANDLE);
	if (IS_ERR(rule)) {
		NL_SET_BAD_ATTR(extack, NFTA_RULE_HANDLE);
		return rule;
	}
	return [
		nf_tables_fill_rule_info(
			net,
			req.seq,
			NFT_MSG_NEWRULE,
			0,
			family,
			table,
			chain,
			rule,
			null,
		),
	];
}

/**
 * Destroys a rule; its expressions have let go already.
 * @kernel net/netfilter/nf_tables_api.c:3078 (v5.10)
 */
function nf_tables_rule_destroy(ctx: nft_ctx, rule: nft_rule): void {
	for (const expr of rule.expr) nf_tables_expr_destroy(ctx, expr);
}

/**
 * Lets a rule go of everything and destroys it.
 * @kernel net/netfilter/nf_tables_api.c:3096 (v5.10)
 */
export function nf_tables_rule_release(ctx: nft_ctx, rule: nft_rule): void {
	nft_rule_expr_deactivate(ctx, rule, NFT_TRANS_RELEASE);
	nf_tables_rule_destroy(ctx, rule);
}

/**
 * Validates the rules of a chain and of those that it jumps to.
 * @param ctx its chain is the base chain, its level the depth so far
 * @returns 0, -EMLINK when jumps go too deep, or what an expression says
 * @kernel net/netfilter/nf_tables_api.c:3102 (v5.10)
 */
export function nft_chain_validate(ctx: nft_ctx, chain: nft_chain): number {
	if (ctx.level === NFT_JUMP_STACK_SIZE) return -EMLINK;

	for (const rule of chain.rules) {
		if (!nft_is_active_next(ctx.net, rule)) continue;

		for (const expr of rule.expr) {
			if (expr.ops.validate === undefined) continue;

			const err = expr.ops.validate(ctx, expr);
			if (err < 0) return err;
		}
	}
	return 0;
}

/**
 * Validates a table from each of its base chains.
 * @returns 0 or as nft_chain_validate()
 * @kernel net/netfilter/nf_tables_api.c:3130 (v5.10)
 */
function nft_table_validate(net: net, table: nft_table): number {
	const ctx = new nft_ctx(net, table.family);

	for (const chain of table.chains) {
		if (!nft_is_base_chain(chain)) continue;

		ctx.chain = chain;
		const err = nft_chain_validate(ctx, chain);
		if (err < 0) return err;
	}
	return 0;
}

const NFT_RULE_MAXEXPRS = 128;

/**
 * Serves NEWRULE: appends, inserts or replaces a rule.
 * @returns 0, -ENOENT (table, chain, position, expression), -EEXIST, -EINVAL, -EFBIG (too large),
 * -EOPNOTSUPP, what an expression says, or what validation says when the batch runs again for it
 * @kernel net/netfilter/nf_tables_api.c:3157 (v5.10)
 */
function nf_tables_newrule(net: net, msg: nfnl_msg, extack: netlink_ext_ack): number {
	const genmask = nft_genmask_next(net);
	const family = msg.nfgen_family;
	const nla = msg.tb;
	let chain: nft_chain | number;
	let old_rule: nft_rule | null = null;
	let handle: number;
	let err: number;

	const table = nft_table_lookup(net, nla, NFTA_RULE_TABLE, family, genmask);
	if (IS_ERR(table)) {
		NL_SET_BAD_ATTR(extack, NFTA_RULE_TABLE);
		return table;
	}

	if (nla.has(NFTA_RULE_CHAIN)) {
		chain = nft_chain_lookup(table, nla, NFTA_RULE_CHAIN, genmask);
		if (IS_ERR(chain)) {
			NL_SET_BAD_ATTR(extack, NFTA_RULE_CHAIN);
			return chain;
		}
		if (nft_chain_is_bound(chain)) return -EOPNOTSUPP;
	} else if (nla.has(NFTA_RULE_CHAIN_ID)) {
		chain = nft_chain_lookup_byid(net, nla, NFTA_RULE_CHAIN_ID);
		if (IS_ERR(chain)) {
			NL_SET_BAD_ATTR(extack, NFTA_RULE_CHAIN_ID);
			return chain;
		}
	} else {
		return -EINVAL;
	}

	if (nla.has(NFTA_RULE_HANDLE)) {
		handle = nla_get_u64(nla, NFTA_RULE_HANDLE)!;
		const found = __nft_rule_lookup(chain, handle);
		if (IS_ERR(found)) {
			NL_SET_BAD_ATTR(extack, NFTA_RULE_HANDLE);
			return found;
		}

		if ((msg.flags & NLM_F_EXCL) !== 0) {
			NL_SET_BAD_ATTR(extack, NFTA_RULE_HANDLE);
			return -EEXIST;
		}
		if ((msg.flags & NLM_F_REPLACE) !== 0) old_rule = found;
		else return -EOPNOTSUPP;
	} else {
		if ((msg.flags & NLM_F_CREATE) === 0 || (msg.flags & NLM_F_REPLACE) !== 0)
			return -EINVAL;
		handle = nf_tables_alloc_handle(table);

		if (nla.has(NFTA_RULE_POSITION)) {
			const found = __nft_rule_lookup(
				chain,
				nla_get_u64(nla, NFTA_RULE_POSITION)!,
			);
			if (IS_ERR(found)) {
				NL_SET_BAD_ATTR(extack, NFTA_RULE_POSITION);
				return found;
			}
			old_rule = found;
		} else if (nla.has(NFTA_RULE_POSITION_ID)) {
			const found = nft_rule_lookup_byid(net, nla, NFTA_RULE_POSITION_ID);
			if (IS_ERR(found)) {
				NL_SET_BAD_ATTR(extack, NFTA_RULE_POSITION_ID);
				return found;
			}
			old_rule = found;
		}
	}

	const ctx = nft_ctx_init(net, msg, family, table, chain);

	const info: nft_expr_info[] = [];
	let size = 0;
	for (const tmp of nla_nested_list(nla, NFTA_RULE_EXPRESSIONS) ?? []) {
		if (info.length === NFT_RULE_MAXEXPRS) return -EINVAL;
		const i = nf_tables_expr_parse(ctx, tmp);
		if (IS_ERR(i)) return i;
		size += i.ops.size;
		info.push(i);
	}
	/* C has twelve bits for it */
	if (size >= 1 << 12) return -EFBIG;

	const udata = nla_data(nla, NFTA_RULE_USERDATA);
	const rule = new nft_rule();
	nft_activate_next(net, rule);

	rule.handle = handle;
	rule.dlen = size;
	rule.udata = udata !== null && udata.length > 0 ? udata : null;

	err2: {
		for (let i = 0; i < info.length; i++) {
			const expr = new nft_expr(info[i].ops);
			err = nf_tables_newexpr(ctx, info[i], expr);
			if (err < 0) {
				NL_SET_BAD_ATTR(extack, NFTA_RULE_EXPRESSIONS);
				extack.bad_index = i;
				break err2;
			}
			rule.expr.push(expr);

			if (info[i].ops.validate !== undefined)
				nft_validate_state_update(net, NFT_VALIDATE_NEED);
		}

		if ((msg.flags & NLM_F_REPLACE) !== 0) {
			const trans = nft_trans_rule_add(ctx, NFT_MSG_NEWRULE, rule);
			err = nft_delrule(ctx, old_rule!);
			if (err < 0) {
				nft_trans_destroy(trans);
				break err2;
			}
			chain.rules.splice(chain.rules.indexOf(old_rule!), 0, rule);
		} else {
			nft_trans_rule_add(ctx, NFT_MSG_NEWRULE, rule);

			/*
			 * PORT: a rule named by id may stand in another chain; the C list then takes
			 * the new rule in there, the array takes it at its own end.
			 */
			const at = old_rule !== null ? chain.rules.indexOf(old_rule) : -1;
			if ((msg.flags & NLM_F_APPEND) !== 0) {
				if (at >= 0) chain.rules.splice(at + 1, 0, rule);
				else chain.rules.push(rule);
			} else {
				if (at >= 0) chain.rules.splice(at, 0, rule);
				else chain.rules.unshift(rule);
			}
		}
		chain.use++;

		if (net.nft.validate_state === NFT_VALIDATE_DO)
			return nft_table_validate(net, table);
		return 0;
	}
	nf_tables_rule_release(ctx, rule);
	return err;
}

/**
 * Finds a rule that the running batch makes.
 * @param attr attribute of the id
 * @returns the rule or -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:3376 (v5.10)
 */
function nft_rule_lookup_byid(net: net, nla: nlattrs, attr: number): nft_rule | number {
	const id = nla_get_u32(nla, attr);

	for (const trans of net.nft.commit_list) {
		if (trans.msg_type === NFT_MSG_NEWRULE && id === trans.rule_id) return trans.rule!;
	}
	return -ENOENT;
}

/**
 * Serves DELRULE: one rule, all of a chain, or all of a table.
 * @returns 0, -ENOENT, -EOPNOTSUPP for a chain that belongs to a rule
 * @kernel net/netfilter/nf_tables_api.c:3392 (v5.10)
 */
function nf_tables_delrule(net: net, msg: nfnl_msg, extack: netlink_ext_ack): number {
	const genmask = nft_genmask_next(net);
	const family = msg.nfgen_family;
	const nla = msg.tb;
	let chain: nft_chain | null = null;
	let err = 0;

	const table = nft_table_lookup(net, nla, NFTA_RULE_TABLE, family, genmask);
	if (IS_ERR(table)) {
		NL_SET_BAD_ATTR(extack, NFTA_RULE_TABLE);
		return table;
	}

	if (nla.has(NFTA_RULE_CHAIN)) {
		const c = nft_chain_lookup(table, nla, NFTA_RULE_CHAIN, genmask);
		if (IS_ERR(c)) {
			NL_SET_BAD_ATTR(extack, NFTA_RULE_CHAIN);
			return c;
		}
		if (nft_chain_is_bound(c)) return -EOPNOTSUPP;
		chain = c;
	}

	const ctx = nft_ctx_init(net, msg, family, table, chain);

	if (chain !== null) {
		if (nla.has(NFTA_RULE_HANDLE)) {
			const rule = nft_rule_lookup(chain, nla, NFTA_RULE_HANDLE);
			if (IS_ERR(rule)) {
				NL_SET_BAD_ATTR(extack, NFTA_RULE_HANDLE);
				return rule;
			}

			err = nft_delrule(ctx, rule);
		} else if (nla.has(NFTA_RULE_ID)) {
			const rule = nft_rule_lookup_byid(net, nla, NFTA_RULE_ID);
			if (IS_ERR(rule)) {
				NL_SET_BAD_ATTR(extack, NFTA_RULE_ID);
				return rule;
			}

			err = nft_delrule(ctx, rule);
		} else {
			err = nft_delrule_by_chain(ctx);
		}
	} else {
		/* PORT: a copy, for a rule takes its own chain off the list with it. */
		for (const c of table.chains.slice()) {
			if (!nft_is_active_next(net, c)) continue;
			if (nft_chain_is_bound(c) && !table.chains.includes(c)) continue;

			ctx.chain = c;
			err = nft_delrule_by_chain(ctx);
			if (err < 0) break;
		}
	}
	return err;
}

/*
 * Sets
 */

/** Backends in the order in which they are considered. */
const nft_set_types = machine_var(() => new Array<nft_set_type>());

/**
 * Adds a set backend.
 * @kernel PORT: entry of nft_set_types[]; backends import this file
 */
export function nft_register_set(m: Machine, type: nft_set_type): void {
	nft_set_types.of(m).push(type);
}

const NFT_SET_FEATURES =
	NFT_SET_INTERVAL | NFT_SET_MAP | NFT_SET_TIMEOUT | NFT_SET_OBJECT | NFT_SET_EVAL;

/**
 * Tells whether a backend has the features that are asked for.
 * @param flags NFT_SET_*
 * @kernel net/netfilter/nf_tables_api.c:3478 (v5.10)
 */
function nft_set_ops_candidate(type: nft_set_type, flags: number): boolean {
	return (flags & type.features) === (flags & NFT_SET_FEATURES);
}

/**
 * Picks the backend for a set: the fastest, or the smallest when the policy says so.
 * @param policy NFT_SET_POL_*
 * @returns the backend or -EOPNOTSUPP
 * @kernel net/netfilter/nf_tables_api.c:3489 (v5.10)
 */
function nft_select_set_ops(
	ctx: nft_ctx,
	nla: nlattrs,
	desc: nft_set_desc,
	policy: number,
): nft_set_ops | number {
	const flags = nla_get_u32(nla, NFTA_SET_FLAGS) ?? 0;
	let bops: nft_set_ops | null = null;
	let best = new nft_set_estimate();
	best.size = Infinity;
	best.lookup = Infinity;
	best.space = Infinity;

	for (const type of nft_set_types.of(ctx.net.machine)) {
		const ops = type.ops;
		const est = new nft_set_estimate();

		if (!nft_set_ops_candidate(type, flags)) continue;
		if (!ops.estimate(desc, flags, est)) continue;

		switch (policy) {
			case NFT_SET_POL_PERFORMANCE:
				if (est.lookup < best.lookup) break;
				if (est.lookup === best.lookup && est.space < best.space) break;
				continue;
			case NFT_SET_POL_MEMORY:
				if (desc.size === 0) {
					if (est.space < best.space) break;
					if (est.space === best.space && est.lookup < best.lookup)
						break;
				} else if (est.size < best.size || bops === null) {
					break;
				}
				continue;
			default:
				break;
		}

		bops = ops;
		best = est;
	}

	return bops ?? -EOPNOTSUPP;
}

const nft_set_policy: nla_policy = {
	[NFTA_SET_TABLE]: { type: NLA_STRING, len: NFT_TABLE_MAXNAMELEN - 1 },
	[NFTA_SET_NAME]: { type: NLA_STRING, len: NFT_SET_MAXNAMELEN - 1 },
	[NFTA_SET_FLAGS]: { type: NLA_U32 },
	[NFTA_SET_KEY_TYPE]: { type: NLA_U32 },
	[NFTA_SET_KEY_LEN]: { type: NLA_U32 },
	[NFTA_SET_DATA_TYPE]: { type: NLA_U32 },
	[NFTA_SET_DATA_LEN]: { type: NLA_U32 },
	[NFTA_SET_POLICY]: { type: NLA_U32 },
	[NFTA_SET_DESC]: { type: NLA_NESTED },
	[NFTA_SET_ID]: { type: NLA_U32 },
	[NFTA_SET_TIMEOUT]: { type: NLA_U64 },
	[NFTA_SET_GC_INTERVAL]: { type: NLA_U32 },
	[NFTA_SET_USERDATA]: { type: NLA_BINARY, len: NFT_USERDATA_MAXLEN },
	[NFTA_SET_OBJ_TYPE]: { type: NLA_U32 },
	[NFTA_SET_HANDLE]: { type: NLA_U64 },
	[NFTA_SET_EXPR]: { type: NLA_NESTED },
};

const nft_set_desc_policy: nla_policy = {
	[NFTA_SET_DESC_SIZE]: { type: NLA_U32 },
	[NFTA_SET_DESC_CONCAT]: { type: NLA_NESTED_LIST },
};

/**
 * Makes the context of a request about sets; the table may be left out.
 * @param genmask bit of the generation
 * @returns the context or -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:3580 (v5.10)
 */
function nft_ctx_init_from_setattr(
	net: net,
	msg: nfnl_msg,
	extack: netlink_ext_ack,
	genmask: number,
): nft_ctx | number {
	const family = msg.nfgen_family;
	let table: nft_table | null = null;

	if (msg.tb.has(NFTA_SET_TABLE)) {
		const t = nft_table_lookup(net, msg.tb, NFTA_SET_TABLE, family, genmask);
		if (IS_ERR(t)) {
			NL_SET_BAD_ATTR(extack, NFTA_SET_TABLE);
			return t;
		}
		table = t;
	}

	return nft_ctx_init(net, msg, family, table, null);
}

/**
 * Finds a set by its name.
 * @param attr attribute of the name
 * @param genmask bit of the generation
 * @returns the set, -EINVAL without a name, -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:3604 (v5.10)
 */
function nft_set_lookup(
	table: nft_table,
	nla: nlattrs,
	attr: number,
	genmask: number,
): nft_set | number {
	const name = nla_strdup(nla, attr);
	if (name === null) return -EINVAL;

	for (const set of table.sets) {
		if (name === set.name && nft_active_genmask(set, genmask)) return set;
	}
	return -ENOENT;
}

/**
 * Finds a set by its handle.
 * @param attr attribute of the handle
 * @param genmask bit of the generation
 * @returns the set or -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:3620 (v5.10)
 */
function nft_set_lookup_byhandle(
	table: nft_table,
	nla: nlattrs,
	attr: number,
	genmask: number,
): nft_set | number {
	const handle = nla_get_u64(nla, attr);

	for (const set of table.sets) {
		if (handle === set.handle && nft_active_genmask(set, genmask)) return set;
	}
	return -ENOENT;
}

/**
 * Finds a set that the running batch makes.
 * @param attr attribute of the id
 * @param genmask bit of the generation
 * @returns the set or -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:3634 (v5.10)
 */
function nft_set_lookup_byid(
	net: net,
	nla: nlattrs,
	attr: number,
	genmask: number,
): nft_set | number {
	const id = nla_get_u32(nla, attr);

	for (const trans of net.nft.commit_list) {
		if (trans.msg_type === NFT_MSG_NEWSET) {
			const set = trans.set!;
			if (id === trans.set_id && nft_active_genmask(set, genmask)) return set;
		}
	}
	return -ENOENT;
}

/**
 * Finds a set by its name, or by its id in the running batch.
 * @param nla_set_name attribute of the name
 * @param nla_set_id attribute of the id
 * @param genmask bit of the generation
 * @returns the set, -EINVAL without a name and id, -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:3652 (v5.10)
 */
export function nft_set_lookup_global(
	net: net,
	table: nft_table,
	nla: nlattrs,
	nla_set_name: number,
	nla_set_id: number,
	genmask: number,
): nft_set | number {
	let set = nft_set_lookup(table, nla, nla_set_name, genmask);
	if (IS_ERR(set)) {
		if (!nla.has(nla_set_id)) return set;

		set = nft_set_lookup_byid(net, nla, nla_set_id, genmask);
	}
	return set;
}

const NAMES_A_PAGE = 8 * 4096;

/**
 * Gives a set its name; `%d` stands for the lowest number that is free.
 * @returns 0, -EINVAL for another %, -ENFILE when the name is taken
 * @kernel net/netfilter/nf_tables_api.c:3671 (v5.10)
 */
function nf_tables_set_alloc_name(ctx: nft_ctx, set: nft_set, name: string): number {
	const table = ctx.table!;
	let n = 0;
	let min = 0;

	const p = name.indexOf('%');
	if (p >= 0) {
		if (name[p + 1] !== 'd' || name.indexOf('%', p + 2) >= 0) return -EINVAL;

		const prefix = name.slice(0, p);
		for (;;) {
			const inuse = new Uint8Array(NAMES_A_PAGE);
			for (const i of table.sets) {
				if (!i.name.startsWith(prefix)) continue;
				const number = /^-?\d+/.exec(i.name.slice(p));
				if (number === null) continue;
				const tmp = parseInt(number[0], 10);
				if (tmp < min || tmp >= min + NAMES_A_PAGE) continue;

				inuse[tmp - min] = 1;
			}

			n = inuse.indexOf(0);
			if (n >= 0) break;
			min += NAMES_A_PAGE;
		}
	}

	set.name = name.replace('%d', String(min + n));

	for (const i of table.sets) {
		if (!nft_is_active_next(ctx.net, i)) continue;
		if (set.name === i.name) return -ENFILE;
	}
	return 0;
}

/**
 * Reads a span of time.
 * @param attr attribute in ms
 * @returns jiffies, or -ERANGE
 * @kernel net/netfilter/nf_tables_api.c:3726 (v5.10)
 */
export function nf_msecs_to_jiffies64(nla: nlattrs, attr: number): number {
	const ms = nla_get_u64(nla, attr) ?? 0;
	if (ms >= 0x10000000000000000 / 1e6) return -ERANGE;
	return msecs_to_jiffies(ms);
}

/**
 * Gives a span of time in ms.
 * @param input jiffies
 * @kernel net/netfilter/nf_tables_api.c:3740 (v5.10)
 */
export function nf_jiffies64_to_msecs(input: number): number {
	return jiffies_to_msecs(input);
}

/**
 * Adds the lengths of the fields of a concatenation.
 * @kernel net/netfilter/nf_tables_api.c:3745 (v5.10)
 */
function nf_tables_fill_set_concat(tb: nlattrs, set: nft_set): void {
	const concat = nla_list_start(tb, NFTA_SET_DESC_CONCAT);

	for (let i = 0; i < set.field_count; i++)
		concat.push(new Map([[NFTA_SET_FIELD_LEN, set.field_len[i]]]));
}

/**
 * Describes a set.
 * @param event NFT_MSG_NEWSET or NFT_MSG_DELSET
 * @kernel net/netfilter/nf_tables_api.c:3772 (v5.10)
 */
function nf_tables_fill_set(ctx: nft_ctx, set: nft_set, event: number, flags: number): nfnl_msg {
	const msg = nft_msg_put(ctx.net, ctx.seq, event, flags, ctx.family);
	const tb = msg.tb;

	nla_put_string(tb, NFTA_SET_TABLE, ctx.table!.name);
	nla_put_string(tb, NFTA_SET_NAME, set.name);
	nla_put_u64_64bit(tb, NFTA_SET_HANDLE, set.handle);
	if (set.flags !== 0) nla_put_u32(tb, NFTA_SET_FLAGS, set.flags);

	nla_put_u32(tb, NFTA_SET_KEY_TYPE, set.ktype);
	nla_put_u32(tb, NFTA_SET_KEY_LEN, set.klen);
	if ((set.flags & NFT_SET_MAP) !== 0) {
		nla_put_u32(tb, NFTA_SET_DATA_TYPE, set.dtype);
		nla_put_u32(tb, NFTA_SET_DATA_LEN, set.dlen);
	}
	if ((set.flags & NFT_SET_OBJECT) !== 0) nla_put_u32(tb, NFTA_SET_OBJ_TYPE, set.objtype);

	if (set.timeout !== 0)
		nla_put_u64_64bit(tb, NFTA_SET_TIMEOUT, nf_jiffies64_to_msecs(set.timeout));
	if (set.gc_int !== 0) nla_put_u32(tb, NFTA_SET_GC_INTERVAL, set.gc_int);

	if (set.policy !== NFT_SET_POL_PERFORMANCE) nla_put_u32(tb, NFTA_SET_POLICY, set.policy);

	if (set.udata !== null) nla_put(tb, NFTA_SET_USERDATA, set.udata);

	const nest = nla_nest_start(tb, NFTA_SET_DESC);
	if (set.size !== 0) nla_put_u32(nest, NFTA_SET_DESC_SIZE, set.size);

	if (set.field_count > 1) nf_tables_fill_set_concat(nest, set);

	if (set.expr !== null)
		nf_tables_fill_expr_info(nla_nest_start(tb, NFTA_SET_EXPR), set.expr);
	return msg;
}

/**
 * Describes the sets of a table, of a family or of all.
 * @kernel net/netfilter/nf_tables_api.c:3904 (v5.10)
 */
function nf_tables_dump_sets(net: net, ctx: nft_ctx): nfnl_msg[] {
	const answer: nfnl_msg[] = [];

	for (const table of net.nft.tables) {
		if (ctx.family !== NFPROTO_UNSPEC && ctx.family !== table.family) continue;

		if (ctx.table !== null && ctx.table !== table) continue;

		for (const set of table.sets) {
			if (!nft_is_active(net, set)) continue;

			const ctx_set = nft_ctx_copy(ctx);
			ctx_set.table = table;
			ctx_set.family = table.family;

			answer.push(nf_tables_fill_set(ctx_set, set, NFT_MSG_NEWSET, NLM_F_MULTI));
		}
	}
	return answer;
}

/**
 * Serves GETSET.
 * @returns the description, -EAFNOSUPPORT without a family, -EINVAL, -ENOENT (for a dump too)
 * @kernel net/netfilter/nf_tables_api.c:3982 (v5.10)
 */
function nf_tables_getset(net: net, req: nfnl_msg, extack: netlink_ext_ack): nfnl_msg[] | number {
	const genmask = nft_genmask_cur(net);

	const ctx = nft_ctx_init_from_setattr(net, req, extack, genmask);
	if (IS_ERR(ctx)) return ctx;

	if ((req.flags & NLM_F_DUMP) !== 0) return nf_tables_dump_sets(net, ctx);

	if (req.nfgen_family === NFPROTO_UNSPEC) return -EAFNOSUPPORT;
	if (!req.tb.has(NFTA_SET_TABLE)) return -EINVAL;

	const set = nft_set_lookup(ctx.table!, req.tb, NFTA_SET_NAME, genmask);
	if (IS_ERR(set)) return set;

	return [nf_tables_fill_set(ctx, set, NFT_MSG_NEWSET, 0)];
}

const nft_concat_policy: nla_policy = {
	[NFTA_SET_FIELD_LEN]: { type: NLA_U32 },
};

/**
 * Reads the length of one field of a concatenation.
 * @returns 0, -EINVAL, -E2BIG
 * @kernel net/netfilter/nf_tables_api.c:4041 (v5.10)
 */
function nft_set_desc_concat_parse(attr: nlattrs, desc: nft_set_desc): number {
	const err = nla_validate(attr, nft_concat_policy);
	if (err < 0) return err;

	const len = nla_get_u32(attr, NFTA_SET_FIELD_LEN);
	if (len === null) return -EINVAL;

	if (Math.floor((len * 8) / 32) > NFT_REG32_COUNT) return -E2BIG;

	desc.field_len[desc.field_count++] = len;
	return 0;
}

/**
 * Reads the lengths of the fields of a concatenation.
 * @returns 0, -EINVAL, -E2BIG
 * @kernel net/netfilter/nf_tables_api.c:4066 (v5.10)
 */
function nft_set_desc_concat(desc: nft_set_desc, nla: readonly nlattrs[]): number {
	for (const attr of nla) {
		const err = nft_set_desc_concat_parse(attr, desc);
		if (err < 0) return err;
	}
	return 0;
}

/**
 * Reads what a request says about size and fields of a set.
 * @returns 0, -EINVAL, -E2BIG
 * @kernel net/netfilter/nf_tables_api.c:4084 (v5.10)
 */
function nf_tables_set_desc_parse(desc: nft_set_desc, nla: nlattrs): number {
	let err = nla_validate(nla, nft_set_desc_policy);
	if (err < 0) return err;

	desc.size = nla_get_u32(nla, NFTA_SET_DESC_SIZE) ?? desc.size;
	const concat = nla_nested_list(nla, NFTA_SET_DESC_CONCAT);
	if (concat !== null) err = nft_set_desc_concat(desc, concat);
	return err;
}

/**
 * Serves NEWSET.
 * @returns 0 (also when it is there already), -EINVAL, -EOPNOTSUPP (flags, no backend), -ERANGE,
 * -E2BIG, -ENOENT (no table, or no NLM_F_CREATE), -EEXIST with NLM_F_EXCL, -ENFILE, or what the
 * expression says
 * @kernel net/netfilter/nf_tables_api.c:4103 (v5.10)
 */
function nf_tables_newset(net: net, msg: nfnl_msg, extack: netlink_ext_ack): number {
	const genmask = nft_genmask_next(net);
	const family = msg.nfgen_family;
	const nla = msg.tb;
	let err: number;

	if (
		!nla.has(NFTA_SET_TABLE) ||
		!nla.has(NFTA_SET_NAME) ||
		!nla.has(NFTA_SET_KEY_LEN) ||
		!nla.has(NFTA_SET_ID)
	)
		return -EINVAL;

	const desc = new nft_set_desc();

	const ktype = nla_get_u32(nla, NFTA_SET_KEY_TYPE) ?? NFT_DATA_VALUE;
	if ((ktype & NFT_DATA_RESERVED_MASK) >>> 0 === NFT_DATA_RESERVED_MASK) return -EINVAL;

	desc.klen = nla_get_u32(nla, NFTA_SET_KEY_LEN)!;
	if (desc.klen === 0 || desc.klen > NFT_DATA_VALUE_MAXLEN) return -EINVAL;

	let flags = 0;
	if (nla.has(NFTA_SET_FLAGS)) {
		flags = nla_get_u32(nla, NFTA_SET_FLAGS)!;
		if (
			(flags &
				~(
					NFT_SET_ANONYMOUS |
					NFT_SET_CONSTANT |
					NFT_SET_INTERVAL |
					NFT_SET_TIMEOUT |
					NFT_SET_MAP |
					NFT_SET_EVAL |
					NFT_SET_OBJECT |
					NFT_SET_CONCAT
				)) !==
			0
		)
			return -EOPNOTSUPP;
		/* these exclude each other */
		if ((flags & (NFT_SET_MAP | NFT_SET_OBJECT)) === (NFT_SET_MAP | NFT_SET_OBJECT))
			return -EOPNOTSUPP;
		if ((flags & (NFT_SET_EVAL | NFT_SET_OBJECT)) === (NFT_SET_EVAL | NFT_SET_OBJECT))
			return -EOPNOTSUPP;
	}

	let dtype = 0;
	if (nla.has(NFTA_SET_DATA_TYPE)) {
		if ((flags & NFT_SET_MAP) === 0) return -EINVAL;

		dtype = nla_get_u32(nla, NFTA_SET_DATA_TYPE)!;
		if (
			(dtype & NFT_DATA_RESERVED_MASK) >>> 0 === NFT_DATA_RESERVED_MASK &&
			dtype !== NFT_DATA_VERDICT
		)
			return -EINVAL;

		if (dtype !== NFT_DATA_VERDICT) {
			const dlen = nla_get_u32(nla, NFTA_SET_DATA_LEN);
			if (dlen === null) return -EINVAL;
			desc.dlen = dlen;
			if (desc.dlen === 0 || desc.dlen > NFT_DATA_VALUE_MAXLEN) return -EINVAL;
		} else {
			desc.dlen = NFT_VERDICT_SIZE;
		}
	} else if ((flags & NFT_SET_MAP) !== 0) {
		return -EINVAL;
	}

	let objtype = NFT_OBJECT_UNSPEC;
	if (nla.has(NFTA_SET_OBJ_TYPE)) {
		if ((flags & NFT_SET_OBJECT) === 0) return -EINVAL;

		objtype = nla_get_u32(nla, NFTA_SET_OBJ_TYPE)!;
		if (objtype === NFT_OBJECT_UNSPEC || objtype > NFT_OBJECT_MAX) return -EOPNOTSUPP;
	} else if ((flags & NFT_SET_OBJECT) !== 0) {
		return -EINVAL;
	}

	let timeout = 0;
	if (nla.has(NFTA_SET_TIMEOUT)) {
		if ((flags & NFT_SET_TIMEOUT) === 0) return -EINVAL;

		timeout = nf_msecs_to_jiffies64(nla, NFTA_SET_TIMEOUT);
		if (timeout < 0) return timeout;
	}
	let gc_int = 0;
	if (nla.has(NFTA_SET_GC_INTERVAL)) {
		if ((flags & NFT_SET_TIMEOUT) === 0) return -EINVAL;
		gc_int = nla_get_u32(nla, NFTA_SET_GC_INTERVAL)!;
	}

	const policy = nla_get_u32(nla, NFTA_SET_POLICY) ?? NFT_SET_POL_PERFORMANCE;

	const desc_attr = nla_parse_nested(nla, NFTA_SET_DESC);
	if (desc_attr !== null) {
		err = nf_tables_set_desc_parse(desc, desc_attr);
		if (err < 0) return err;
	}

	const expr_attr = nla_parse_nested(nla, NFTA_SET_EXPR);
	if (expr_attr !== null) desc.expr = true;

	const table = nft_table_lookup(net, nla, NFTA_SET_TABLE, family, genmask);
	if (IS_ERR(table)) {
		NL_SET_BAD_ATTR(extack, NFTA_SET_TABLE);
		return table;
	}

	const ctx = nft_ctx_init(net, msg, family, table, null);

	const old = nft_set_lookup(table, nla, NFTA_SET_NAME, genmask);
	if (IS_ERR(old)) {
		if (old !== -ENOENT) {
			NL_SET_BAD_ATTR(extack, NFTA_SET_NAME);
			return old;
		}
	} else {
		if ((msg.flags & NLM_F_EXCL) !== 0) {
			NL_SET_BAD_ATTR(extack, NFTA_SET_NAME);
			return -EEXIST;
		}
		if ((msg.flags & NLM_F_REPLACE) !== 0) return -EOPNOTSUPP;

		return 0;
	}

	if ((msg.flags & NLM_F_CREATE) === 0) return -ENOENT;

	const ops = nft_select_set_ops(ctx, nla, desc, policy);
	if (IS_ERR(ops)) return ops;

	const set = new nft_set(net, table, ops);

	err = nf_tables_set_alloc_name(ctx, set, nla_strdup(nla, NFTA_SET_NAME)!);
	if (err < 0) return err;

	if (expr_attr !== null) {
		/* PORT: C has not set the flags yet when the expression asks for them. */
		const expr = nft_set_elem_expr_alloc(ctx, set, expr_attr);
		if (IS_ERR(expr)) return expr;
		set.expr = expr;
	}

	set.ktype = ktype;
	set.klen = desc.klen;
	set.dtype = dtype;
	set.objtype = objtype;
	set.dlen = desc.dlen;
	set.flags = flags;
	set.size = desc.size;
	set.policy = policy;
	const udata = nla_data(nla, NFTA_SET_USERDATA);
	set.udata = udata !== null && udata.length > 0 ? udata : null;
	set.timeout = timeout;
	set.gc_int = gc_int;
	set.handle = nf_tables_alloc_handle(table);

	set.field_count = desc.field_count;
	set.field_len = desc.field_len.slice();

	set.data = ops.priv(set);
	err = ops.init(set, desc, nla);
	if (err < 0) {
		if (set.expr !== null) nft_expr_destroy(ctx, set.expr);
		return err;
	}

	err = nft_trans_set_add(ctx, NFT_MSG_NEWSET, set);
	if (err < 0) {
		ops.destroy(set);
		if (set.expr !== null) nft_expr_destroy(ctx, set.expr);
		return err;
	}

	table.sets.push(set);
	table.use++;
	return 0;
}

/**
 * Destroys a set with its elements.
 * @kernel net/netfilter/nf_tables_api.c:4341 (v5.10)
 */
function nft_set_destroy(ctx: nft_ctx, set: nft_set): void {
	if (WARN_ON(ctx.net.machine, set.use > 0, 'nft_set_destroy', `set ${set.name} in use`))
		return;

	if (set.expr !== null) nft_expr_destroy(ctx, set.expr);

	set.ops.destroy(set);
}

/**
 * Serves DELSET.
 * @returns 0, -EAFNOSUPPORT without a family, -EINVAL, -ENOENT, -EBUSY when rules use it
 * @kernel net/netfilter/nf_tables_api.c:4354 (v5.10)
 */
function nf_tables_delset(net: net, msg: nfnl_msg, extack: netlink_ext_ack): number {
	const genmask = nft_genmask_next(net);
	const nla = msg.tb;
	let attr = NFTA_SET_NAME;
	let set: nft_set | number;

	if (msg.nfgen_family === NFPROTO_UNSPEC) return -EAFNOSUPPORT;
	if (!nla.has(NFTA_SET_TABLE)) return -EINVAL;

	const ctx = nft_ctx_init_from_setattr(net, msg, extack, genmask);
	if (IS_ERR(ctx)) return ctx;

	if (nla.has(NFTA_SET_HANDLE)) {
		attr = NFTA_SET_HANDLE;
		set = nft_set_lookup_byhandle(ctx.table!, nla, attr, genmask);
	} else {
		set = nft_set_lookup(ctx.table!, nla, attr, genmask);
	}
	if (IS_ERR(set)) {
		NL_SET_BAD_ATTR(extack, attr);
		return set;
	}
	if (set.use !== 0 || ((msg.flags & NLM_F_NONREC) !== 0 && set.nelems > 0)) {
		NL_SET_BAD_ATTR(extack, attr);
		return -EBUSY;
	}

	return nft_delset(ctx, set);
}

/**
 * Checks that an element of a map may be stored from the chain that now binds it.
 * @kernel net/netfilter/nf_tables_api.c:4397 (v5.10)
 */
function nf_tables_bind_check_setelem(
	ctx: nft_ctx,
	set: nft_set,
	_iter: nft_set_iter,
	elem: nft_set_elem,
): number {
	const ext = elem.priv!;

	return nft_validate_register_store(
		ctx,
		nft_type_to_reg(set.dtype),
		ext.data,
		set.dtype === NFT_DATA_VERDICT ? NFT_DATA_VERDICT : NFT_DATA_VALUE,
		set.dlen,
	);
}

/**
 * Notes that a rule of the context's chain uses a set.
 * @returns 0, -EBUSY for an anonymous set in use, or what checking its verdicts says
 * @kernel net/netfilter/nf_tables_api.c:4412 (v5.10)
 */
export function nf_tables_bind_set(ctx: nft_ctx, set: nft_set, binding: nft_set_binding): number {
	if (set.bindings.length > 0 && nft_set_is_anonymous(set)) return -EBUSY;

	bind: {
		if ((binding.flags & NFT_SET_MAP) !== 0) {
			/* From the same chain the jumps have been checked already. */
			for (const i of set.bindings) {
				if ((i.flags & NFT_SET_MAP) !== 0 && i.chain === binding.chain)
					break bind;
			}

			const iter: nft_set_iter = {
				genmask: nft_genmask_next(ctx.net),
				skip: 0,
				count: 0,
				err: 0,
				fn: nf_tables_bind_check_setelem,
			};
			set.ops.walk(ctx, set, iter);
			if (iter.err < 0) return iter.err;
		}
	}
	binding.chain = ctx.chain;
	set.bindings.push(binding);
	nft_set_trans_bind(ctx, set);
	set.use++;
	return 0;
}

/**
 * Notes that a rule no longer uses a set; an anonymous one leaves its table.
 * @kernel net/netfilter/nf_tables_api.c:4454 (v5.10)
 */
function nf_tables_unbind_set(set: nft_set, binding: nft_set_binding): void {
	list_del(set.bindings, binding);

	if (set.bindings.length === 0 && nft_set_is_anonymous(set)) list_del(set.table.sets, set);
}

/**
 * Lets go of a set, as an expression's deactivate does.
 * @param phase NFT_TRANS_*
 * @kernel net/netfilter/nf_tables_api.c:4467 (v5.10)
 */
export function nf_tables_deactivate_set(
	_ctx: nft_ctx,
	set: nft_set,
	binding: nft_set_binding,
	phase: number,
): void {
	switch (phase) {
		case NFT_TRANS_PREPARE:
			set.use--;
			return;
		case NFT_TRANS_ABORT:
		case NFT_TRANS_RELEASE:
			set.use--;
			break;
		default:
			break;
	}
	nf_tables_unbind_set(set, binding);
}

/**
 * Destroys an anonymous set with the expression that used it.
 * @kernel net/netfilter/nf_tables_api.c:4486 (v5.10)
 */
export function nf_tables_destroy_set(ctx: nft_ctx, set: nft_set): void {
	if (set.bindings.length === 0 && nft_set_is_anonymous(set)) nft_set_destroy(ctx, set);
}

/*
 * Set elements
 */

const nft_set_elem_policy: nla_policy = {
	[NFTA_SET_ELEM_KEY]: { type: NLA_NESTED },
	[NFTA_SET_ELEM_DATA]: { type: NLA_NESTED },
	[NFTA_SET_ELEM_FLAGS]: { type: NLA_U32 },
	[NFTA_SET_ELEM_TIMEOUT]: { type: NLA_U64 },
	[NFTA_SET_ELEM_EXPIRATION]: { type: NLA_U64 },
	[NFTA_SET_ELEM_USERDATA]: { type: NLA_BINARY, len: NFT_USERDATA_MAXLEN },
	[NFTA_SET_ELEM_EXPR]: { type: NLA_NESTED },
	[NFTA_SET_ELEM_OBJREF]: { type: NLA_STRING, len: NFT_OBJ_MAXNAMELEN - 1 },
	[NFTA_SET_ELEM_KEY_END]: { type: NLA_NESTED },
};

const nft_set_elem_list_policy: nla_policy = {
	[NFTA_SET_ELEM_LIST_TABLE]: { type: NLA_STRING, len: NFT_TABLE_MAXNAMELEN - 1 },
	[NFTA_SET_ELEM_LIST_SET]: { type: NLA_STRING, len: NFT_SET_MAXNAMELEN - 1 },
	[NFTA_SET_ELEM_LIST_ELEMENTS]: { type: NLA_NESTED_LIST },
	[NFTA_SET_ELEM_LIST_SET_ID]: { type: NLA_U32 },
};

/**
 * Makes the context of a request about elements.
 * @param genmask bit of the generation
 * @returns the context, -EINVAL, -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:4555 (v5.10)
 */
function nft_ctx_init_from_elemattr(
	net: net,
	msg: nfnl_msg,
	extack: netlink_ext_ack,
	genmask: number,
): nft_ctx | number {
	const family = msg.nfgen_family;
	const table = nft_table_lookup(net, msg.tb, NFTA_SET_ELEM_LIST_TABLE, family, genmask);
	if (IS_ERR(table)) {
		NL_SET_BAD_ATTR(extack, NFTA_SET_ELEM_LIST_TABLE);
		return table;
	}

	return nft_ctx_init(net, msg, family, table, null);
}

/**
 * Describes an element.
 * @kernel net/netfilter/nf_tables_api.c:4577 (v5.10)
 */
function nf_tables_fill_setelem(set: nft_set, ext: nft_set_ext): nlattrs {
	const m = set.net.machine;
	const nest: nlattrs = new Map();

	nft_data_dump(nest, NFTA_SET_ELEM_KEY, ext.key, NFT_DATA_VALUE, set.klen);

	if (nft_set_ext_exists(ext, NFT_SET_EXT_KEY_END))
		nft_data_dump(nest, NFTA_SET_ELEM_KEY_END, ext.key_end!, NFT_DATA_VALUE, set.klen);

	if (nft_set_ext_exists(ext, NFT_SET_EXT_DATA))
		nft_data_dump(
			nest,
			NFTA_SET_ELEM_DATA,
			ext.data!,
			set.dtype === NFT_DATA_VERDICT ? NFT_DATA_VERDICT : NFT_DATA_VALUE,
			set.dlen,
		);

	if (nft_set_ext_exists(ext, NFT_SET_EXT_EXPR))
		nft_expr_dump(nest, NFTA_SET_ELEM_EXPR, ext.expr!);

	if (nft_set_ext_exists(ext, NFT_SET_EXT_OBJREF))
		nla_put_string(nest, NFTA_SET_ELEM_OBJREF, ext.obj!.name);

	if (nft_set_ext_exists(ext, NFT_SET_EXT_FLAGS))
		nla_put_u32(nest, NFTA_SET_ELEM_FLAGS, ext.flags);

	if (nft_set_ext_exists(ext, NFT_SET_EXT_TIMEOUT))
		nla_put_u64_64bit(nest, NFTA_SET_ELEM_TIMEOUT, nf_jiffies64_to_msecs(ext.timeout));

	if (nft_set_ext_exists(ext, NFT_SET_EXT_EXPIRATION)) {
		const now = m.jiffies;
		const expires = now < ext.expiration ? ext.expiration - now : 0;

		nla_put_u64_64bit(nest, NFTA_SET_ELEM_EXPIRATION, nf_jiffies64_to_msecs(expires));
	}

	if (nft_set_ext_exists(ext, NFT_SET_EXT_USERDATA))
		nla_put(nest, NFTA_SET_ELEM_USERDATA, ext.userdata!);
	return nest;
}

/**
 * Describes the elements of a set.
 * @kernel net/netfilter/nf_tables_api.c:4678 (v5.10)
 */
function nf_tables_dump_set(net: net, req: nfnl_msg, ctx: nft_ctx, set: nft_set): nfnl_msg[] {
	const table = ctx.table!;
	const msg = nft_msg_put(net, req.seq, NFT_MSG_NEWSETELEM, NLM_F_MULTI, table.family);

	nla_put_string(msg.tb, NFTA_SET_ELEM_LIST_TABLE, table.name);
	nla_put_string(msg.tb, NFTA_SET_ELEM_LIST_SET, set.name);
	const nest = nla_list_start(msg.tb, NFTA_SET_ELEM_LIST_ELEMENTS);

	const iter: nft_set_iter = {
		genmask: nft_genmask_cur(net),
		skip: 0,
		count: 0,
		err: 0,
		fn: (_ctx, s, _iter, elem) => {
			nest.push(nf_tables_fill_setelem(s, elem.priv!));
			return 0;
		},
	};
	set.ops.walk(ctx, set, iter);
	return [msg];
}

/**
 * Describes a set by one element.
 * @param event NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM
 * @kernel net/netfilter/nf_tables_api.c:4779 (v5.10)
 */
function nf_tables_fill_setelem_info(
	ctx: nft_ctx,
	seq: number,
	event: number,
	flags: number,
	set: nft_set,
	elem: nft_set_elem,
): nfnl_msg {
	const msg = nft_msg_put(ctx.net, seq, event, flags, ctx.family);

	nla_put_string(msg.tb, NFTA_SET_ELEM_LIST_TABLE, ctx.table!.name);
	nla_put_string(msg.tb, NFTA_SET_ELEM_LIST_SET, set.name);
	nla_list_start(msg.tb, NFTA_SET_ELEM_LIST_ELEMENTS).push(
		nf_tables_fill_setelem(set, elem.priv!),
	);
	return msg;
}

/**
 * Reads the flags of an element.
 * @returns the flags, -EINVAL for unknown ones or those that the set does not take
 * @kernel net/netfilter/nf_tables_api.c:4824 (v5.10)
 */
function nft_setelem_parse_flags(set: nft_set, nla: nlattrs): number {
	const flags = nla_get_u32(nla, NFTA_SET_ELEM_FLAGS);
	if (flags === null) return 0;

	if ((flags & ~NFT_SET_ELEM_INTERVAL_END) !== 0) return -EINVAL;
	if ((set.flags & NFT_SET_INTERVAL) === 0 && (flags & NFT_SET_ELEM_INTERVAL_END) !== 0)
		return -EINVAL;
	return flags;
}

/**
 * Makes room for what an attribute holds.
 * @param nla NFTA_DATA_*
 * @kernel PORT: union of nft_data with NFT_DATA_VALUE_MAXLEN bytes, as large as needed
 */
function nft_setelem_data_alloc(nla: nlattrs): nft_data {
	const len = nla_data(nla, NFTA_DATA_VALUE)?.length ?? 0;
	return new nft_data(Math.min((len + 3) & ~3, NFT_DATA_VALUE_MAXLEN));
}

/**
 * Reads a key.
 * @param nla NFTA_DATA_*
 * @returns the key, -EINVAL when it is none of the set's length, -EOVERFLOW
 * @kernel net/netfilter/nf_tables_api.c:4840 (v5.10)
 */
function nft_setelem_parse_key(ctx: nft_ctx, set: nft_set, nla: nlattrs): nft_data | number {
	const key = nft_setelem_data_alloc(nla);
	const desc = new nft_data_desc();

	const err = nft_data_init(ctx, key, NFT_DATA_VALUE_MAXLEN, desc, nla);
	if (err < 0) return err;

	if (desc.type !== NFT_DATA_VALUE || desc.len !== set.klen) {
		nft_data_release(ctx.net.machine, key, desc.type);
		return -EINVAL;
	}
	return key;
}

/**
 * Reads what a map maps to.
 * @param desc is filled
 * @param nla NFTA_DATA_*
 * @returns the data, -EINVAL when it is not of the set's length, or what a verdict says
 * @kernel net/netfilter/nf_tables_api.c:4858 (v5.10)
 */
function nft_setelem_parse_data(
	ctx: nft_ctx,
	set: nft_set,
	desc: nft_data_desc,
	nla: nlattrs,
): nft_data | number {
	const data = nft_setelem_data_alloc(nla);

	const err = nft_data_init(ctx, data, NFT_DATA_VALUE_MAXLEN, desc, nla);
	if (err < 0) return err;

	if (desc.type !== NFT_DATA_VERDICT && desc.len !== set.dlen) {
		nft_data_release(ctx.net.machine, data, desc.type);
		return -EINVAL;
	}
	return data;
}

/**
 * Looks one element up for GETSETELEM.
 * @param attr the asked key
 * @param answer takes the description
 * @returns 0, -EINVAL, -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:4877 (v5.10)
 */
function nft_get_set_elem(ctx: nft_ctx, set: nft_set, attr: nlattrs, answer: nfnl_msg[]): number {
	const err = nla_validate(attr, nft_set_elem_policy);
	if (err < 0) return err;

	const key_attr = nla_parse_nested(attr, NFTA_SET_ELEM_KEY);
	if (key_attr === null) return -EINVAL;

	const flags = nft_setelem_parse_flags(set, attr);
	if (flags < 0) return flags;

	const key = nft_setelem_parse_key(ctx, set, key_attr);
	if (IS_ERR(key)) return key;
	const elem = new nft_set_elem(key);

	const key_end_attr = nla_parse_nested(attr, NFTA_SET_ELEM_KEY_END);
	if (key_end_attr !== null) {
		const key_end = nft_setelem_parse_key(ctx, set, key_end_attr);
		if (IS_ERR(key_end)) return key_end;
		elem.key_end = key_end;
	}

	const priv = set.ops.get(ctx.net, set, elem, flags);
	if (IS_ERR(priv)) return priv;

	elem.priv = priv;

	answer.push(nf_tables_fill_setelem_info(ctx, ctx.seq, NFT_MSG_NEWSETELEM, 0, set, elem));
	return 0;
}

/**
 * Serves GETSETELEM.
 * @returns one message for each asked key, or for a dump one with all; -EINVAL, -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:4935 (v5.10)
 */
function nf_tables_getsetelem(
	net: net,
	req: nfnl_msg,
	extack: netlink_ext_ack,
): nfnl_msg[] | number {
	const genmask = nft_genmask_cur(net);
	const answer: nfnl_msg[] = [];

	const ctx = nft_ctx_init_from_elemattr(net, req, extack, genmask);
	if (IS_ERR(ctx)) return ctx;

	const set = nft_set_lookup(ctx.table!, req.tb, NFTA_SET_ELEM_LIST_SET, genmask);
	if (IS_ERR(set)) return set;

	if ((req.flags & NLM_F_DUMP) !== 0) return nf_tables_dump_set(net, req, ctx, set);

	const elements = nla_nested_list(req.tb, NFTA_SET_ELEM_LIST_ELEMENTS);
	if (elements === null) return -EINVAL;

	for (const attr of elements) {
		const err = nft_get_set_elem(ctx, set, attr, answer);
		if (err < 0) return err;
	}
	return answer;
}

/**
 * Makes the step that adds or removes an element.
 * @param msg_type NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM
 * @kernel net/netfilter/nf_tables_api.c:5025 (v5.10)
 */
function nft_trans_elem_alloc(ctx: nft_ctx, msg_type: number, set: nft_set): nft_trans {
	const trans = nft_trans_alloc(ctx, msg_type);
	trans.set = set;
	return trans;
}

/**
 * Makes the expression that an element carries.
 * @param attr name and parameters
 * @returns the expression, -EOPNOTSUPP for one without state or a set that cannot collect it, or
 * what making it says
 * @kernel net/netfilter/nf_tables_api.c:5039 (v5.10)
 */
export function nft_set_elem_expr_alloc(
	ctx: nft_ctx,
	set: nft_set,
	attr: nlattrs,
): nft_expr | number {
	const expr = nft_expr_init(ctx, attr);
	if (IS_ERR(expr)) return expr;

	const flags = expr.ops.type.flags ?? 0;
	err_set_elem_expr: {
		if ((flags & NFT_EXPR_STATEFUL) === 0) break err_set_elem_expr;

		if ((flags & NFT_EXPR_GC) !== 0) {
			if ((set.flags & NFT_SET_TIMEOUT) !== 0) break err_set_elem_expr;
			if (set.ops.gc_init === null) break err_set_elem_expr;
			set.ops.gc_init(set);
		}
		return expr;
	}
	nft_expr_destroy(ctx, expr);
	return -EOPNOTSUPP;
}

/**
 * Makes an element.
 * @param key not copied, nor are key_end and data
 * @param timeout jiffies
 * @param expiration jiffies from now, 0 for the timeout
 * @kernel net/netfilter/nf_tables_api.c:5069 (v5.10)
 */
export function nft_set_elem_init(
	set: nft_set,
	tmpl: nft_set_ext_tmpl,
	key: nft_data,
	key_end: nft_data | null,
	data: nft_data | null,
	timeout: number,
	expiration: number,
): nft_set_ext {
	const ext = new nft_set_ext(tmpl, key);

	if (nft_set_ext_exists(ext, NFT_SET_EXT_KEY_END)) ext.key_end = key_end;
	if (nft_set_ext_exists(ext, NFT_SET_EXT_DATA)) ext.data = data;
	if (nft_set_ext_exists(ext, NFT_SET_EXT_EXPIRATION)) {
		ext.expiration = set.net.machine.jiffies + expiration;
		if (expiration === 0) ext.expiration += timeout;
	}
	if (nft_set_ext_exists(ext, NFT_SET_EXT_TIMEOUT)) ext.timeout = timeout;
	return ext;
}

/**
 * Destroys the expression of an element.
 * @kernel net/netfilter/nf_tables_api.c:5100 (v5.10)
 */
function nft_set_elem_expr_destroy(ctx: nft_ctx, expr: nft_expr): void {
	if (expr.ops.destroy_clone !== undefined) expr.ops.destroy_clone(ctx, expr);
	else nf_tables_expr_destroy(ctx, expr);
}

/**
 * Destroys an element that still holds what it refers to.
 * @param destroy_expr its expression too
 * @kernel net/netfilter/nf_tables_api.c:5111 (v5.10)
 */
export function nft_set_elem_destroy(set: nft_set, elem: nft_set_ext, destroy_expr: boolean): void {
	const m = set.net.machine;
	const ctx = new nft_ctx(set.net, set.table.family);

	nft_data_release(m, elem.key, NFT_DATA_VALUE);
	if (nft_set_ext_exists(elem, NFT_SET_EXT_DATA)) nft_data_release(m, elem.data!, set.dtype);
	if (destroy_expr && nft_set_ext_exists(elem, NFT_SET_EXT_EXPR) && elem.expr !== null)
		nft_set_elem_expr_destroy(ctx, elem.expr);

	if (nft_set_ext_exists(elem, NFT_SET_EXT_OBJREF)) elem.obj!.use--;
}

/**
 * Destroys an element that has let go of data and object already.
 * @kernel net/netfilter/nf_tables_api.c:5135 (v5.10)
 */
function nf_tables_set_elem_destroy(ctx: nft_ctx, elem: nft_set_ext): void {
	if (nft_set_ext_exists(elem, NFT_SET_EXT_EXPR) && elem.expr !== null)
		nft_set_elem_expr_destroy(ctx, elem.expr);
}

/**
 * Compares what two elements map to.
 * @kernel PORT: memcmp of two struct nft_data
 */
function nft_data_equal(set: nft_set, a: nft_data, b: nft_data): boolean {
	if (set.dtype === NFT_DATA_VERDICT)
		return a.verdict.code === b.verdict.code && a.verdict.chain === b.verdict.chain;
	for (let i = 0; i < set.dlen; i++) if (a.data8[i] !== b.data8[i]) return false;
	return true;
}

/**
 * Adds one element.
 * @param attr its attributes
 * @param nlmsg_flags NLM_F_EXCL refuses one that is there
 * @returns 0, -EINVAL, -EEXIST (there with NLM_F_EXCL, there with other data, or overlapping),
 * -ENFILE when the set is full, -ENOENT (object, chain), -EOPNOTSUPP (expression), or what data
 * and verdicts say
 * @kernel net/netfilter/nf_tables_api.c:5146 (v5.10)
 */
function nft_add_set_elem(ctx: nft_ctx, set: nft_set, attr: nlattrs, nlmsg_flags: number): number {
	const net = ctx.net;
	const m = net.machine;
	const genmask = nft_genmask_next(net);
	const tmpl = new nft_set_ext_tmpl();
	const desc = new nft_data_desc();
	let obj: nft_object | null = null;
	let expr: nft_expr | null = null;
	let elem: nft_set_elem | null = null;
	let err = nla_validate(attr, nft_set_elem_policy);
	if (err < 0) return err;

	const key_attr = nla_parse_nested(attr, NFTA_SET_ELEM_KEY);
	if (key_attr === null) return -EINVAL;

	nft_set_ext_prepare(tmpl);

	const flags = nft_setelem_parse_flags(set, attr);
	if (flags < 0) return flags;
	if (flags !== 0) nft_set_ext_add(tmpl, NFT_SET_EXT_FLAGS);

	const data_attr = nla_parse_nested(attr, NFTA_SET_ELEM_DATA);
	if ((set.flags & NFT_SET_MAP) !== 0) {
		if (data_attr === null && (flags & NFT_SET_ELEM_INTERVAL_END) === 0) return -EINVAL;
	} else {
		if (data_attr !== null) return -EINVAL;
	}

	if (
		(flags & NFT_SET_ELEM_INTERVAL_END) !== 0 &&
		(data_attr !== null ||
			attr.has(NFTA_SET_ELEM_OBJREF) ||
			attr.has(NFTA_SET_ELEM_TIMEOUT) ||
			attr.has(NFTA_SET_ELEM_EXPIRATION) ||
			attr.has(NFTA_SET_ELEM_USERDATA) ||
			attr.has(NFTA_SET_ELEM_EXPR))
	)
		return -EINVAL;

	let timeout = 0;
	if (attr.has(NFTA_SET_ELEM_TIMEOUT)) {
		if ((set.flags & NFT_SET_TIMEOUT) === 0) return -EINVAL;
		timeout = nf_msecs_to_jiffies64(attr, NFTA_SET_ELEM_TIMEOUT);
		if (timeout < 0) return timeout;
	} else if ((set.flags & NFT_SET_TIMEOUT) !== 0) {
		timeout = set.timeout;
	}

	let expiration = 0;
	if (attr.has(NFTA_SET_ELEM_EXPIRATION)) {
		if ((set.flags & NFT_SET_TIMEOUT) === 0) return -EINVAL;
		expiration = nf_msecs_to_jiffies64(attr, NFTA_SET_ELEM_EXPIRATION);
		if (expiration < 0) return expiration;
	}

	err_set_elem_expr: {
		const expr_attr = nla_parse_nested(attr, NFTA_SET_ELEM_EXPR);
		if (expr_attr !== null) {
			const e = nft_set_elem_expr_alloc(ctx, set, expr_attr);
			if (IS_ERR(e)) return e;
			expr = e;

			err = -EOPNOTSUPP;
			if (set.expr !== null && set.expr.ops !== expr.ops) break err_set_elem_expr;
		} else if (set.expr !== null) {
			expr = new nft_expr(set.expr.ops);

			err = nft_expr_clone(expr, set.expr);
			if (err < 0) break err_set_elem_expr;
		}

		const key = nft_setelem_parse_key(ctx, set, key_attr);
		if (IS_ERR(key)) {
			err = key;
			break err_set_elem_expr;
		}
		elem = new nft_set_elem(key);

		nft_set_ext_add(tmpl, NFT_SET_EXT_KEY);

		/* PORT: keys are values, there is nothing to release at err_parse_key and _key_end. */
		const key_end_attr = nla_parse_nested(attr, NFTA_SET_ELEM_KEY_END);
		if (key_end_attr !== null) {
			const key_end = nft_setelem_parse_key(ctx, set, key_end_attr);
			if (IS_ERR(key_end)) {
				err = key_end;
				break err_set_elem_expr;
			}
			elem.key_end = key_end;

			nft_set_ext_add(tmpl, NFT_SET_EXT_KEY_END);
		}

		if (timeout > 0) {
			nft_set_ext_add(tmpl, NFT_SET_EXT_EXPIRATION);
			if (timeout !== set.timeout) nft_set_ext_add(tmpl, NFT_SET_EXT_TIMEOUT);
		}

		if (expr !== null) nft_set_ext_add(tmpl, NFT_SET_EXT_EXPR);

		if (attr.has(NFTA_SET_ELEM_OBJREF)) {
			if ((set.flags & NFT_SET_OBJECT) === 0) {
				err = -EINVAL;
				break err_set_elem_expr;
			}
			const o = nft_obj_lookup(
				net,
				ctx.table!,
				attr,
				NFTA_SET_ELEM_OBJREF,
				set.objtype,
				genmask,
			);
			if (IS_ERR(o)) {
				err = o;
				break err_set_elem_expr;
			}
			obj = o;
			nft_set_ext_add(tmpl, NFT_SET_EXT_OBJREF);
		}

		err_parse_data: {
			if (data_attr !== null) {
				const data = nft_setelem_parse_data(ctx, set, desc, data_attr);
				if (IS_ERR(data)) {
					err = data;
					break err_set_elem_expr;
				}
				elem.data = data;

				const dreg = nft_type_to_reg(set.dtype);
				for (const binding of set.bindings) {
					const bind_ctx = new nft_ctx(net, ctx.family);
					bind_ctx.table = ctx.table;
					bind_ctx.chain = binding.chain;

					if ((binding.flags & NFT_SET_MAP) === 0) continue;

					err = nft_validate_register_store(
						bind_ctx,
						dreg,
						data,
						desc.type,
						desc.len,
					);
					if (err < 0) break err_parse_data;

					if (
						desc.type === NFT_DATA_VERDICT &&
						(data.verdict.code === NFT_GOTO ||
							data.verdict.code === NFT_JUMP)
					)
						nft_validate_state_update(net, NFT_VALIDATE_NEED);
				}

				nft_set_ext_add(tmpl, NFT_SET_EXT_DATA);
			}

			const udata = nla_data(attr, NFTA_SET_ELEM_USERDATA);
			if (udata !== null && udata.length > 0)
				nft_set_ext_add(tmpl, NFT_SET_EXT_USERDATA);

			const ext = nft_set_elem_init(
				set,
				tmpl,
				elem.key,
				elem.key_end,
				elem.data,
				timeout,
				expiration,
			);
			elem.priv = ext;
			ext.flags = flags;
			if (udata !== null && udata.length > 0) ext.userdata = udata;
			if (obj !== null) {
				ext.obj = obj;
				obj.use++;
			}
			if (expr !== null) {
				ext.expr = expr;
				expr = null;
			}

			const trans = nft_trans_elem_alloc(ctx, NFT_MSG_NEWSETELEM, set);
			const ref: nft_set_ext_ref = { ext: null };

			err_element_clash: {
				ext.genmask = nft_genmask_cur(net) | NFT_SET_ELEM_BUSY_MASK;
				err = set.ops.insert(net, set, elem, ref);
				if (err !== 0) {
					if (err === -EEXIST) {
						const ext2 = ref.ext!;
						if (
							nft_set_ext_exists(
								ext,
								NFT_SET_EXT_DATA,
							) !==
								nft_set_ext_exists(
									ext2,
									NFT_SET_EXT_DATA,
								) ||
							nft_set_ext_exists(
								ext,
								NFT_SET_EXT_OBJREF,
							) !==
								nft_set_ext_exists(
									ext2,
									NFT_SET_EXT_OBJREF,
								)
						)
							break err_element_clash;
						if (
							(nft_set_ext_exists(
								ext,
								NFT_SET_EXT_DATA,
							) &&
								nft_set_ext_exists(
									ext2,
									NFT_SET_EXT_DATA,
								) &&
								!nft_data_equal(
									set,
									ext.data!,
									ext2.data!,
								)) ||
							(nft_set_ext_exists(
								ext,
								NFT_SET_EXT_OBJREF,
							) &&
								nft_set_ext_exists(
									ext2,
									NFT_SET_EXT_OBJREF,
								) &&
								ext.obj !== ext2.obj)
						)
							break err_element_clash;
						else if ((nlmsg_flags & NLM_F_EXCL) === 0) err = 0;
					} else if (err === -ENOTEMPTY) {
						/* it overlaps one that is there */
						err = -EEXIST;
					}
					break err_element_clash;
				}

				if (set.size !== 0) {
					if (set.nelems === set.size + set.ndeact) {
						err = -ENFILE;
						set.ops.remove(net, set, elem);
						break err_element_clash;
					}
					set.nelems++;
				}

				trans.elem = elem;
				net.nft.commit_list.push(trans);
				return 0;
			}
			if (obj !== null) obj.use--;

			nf_tables_set_elem_destroy(ctx, ext);
		}
		if (data_attr !== null) nft_data_release(m, elem.data!, desc.type);
	}
	if (expr !== null) nft_expr_destroy(ctx, expr);
	return err;
}

/**
 * Serves NEWSETELEM.
 * @returns 0, -EINVAL, -ENOENT, -EBUSY for a constant set in use, or as nft_add_set_elem()
 * @kernel net/netfilter/nf_tables_api.c:5419 (v5.10)
 */
function nf_tables_newsetelem(net: net, msg: nfnl_msg, extack: netlink_ext_ack): number {
	const genmask = nft_genmask_next(net);

	const elements = nla_nested_list(msg.tb, NFTA_SET_ELEM_LIST_ELEMENTS);
	if (elements === null) return -EINVAL;

	const ctx = nft_ctx_init_from_elemattr(net, msg, extack, genmask);
	if (IS_ERR(ctx)) return ctx;

	const set = nft_set_lookup_global(
		net,
		ctx.table!,
		msg.tb,
		NFTA_SET_ELEM_LIST_SET,
		NFTA_SET_ELEM_LIST_SET_ID,
		genmask,
	);
	if (IS_ERR(set)) return set;

	if (set.bindings.length > 0 && (set.flags & NFT_SET_CONSTANT) !== 0) return -EBUSY;

	for (const attr of elements) {
		const err = nft_add_set_elem(ctx, set, attr, msg.flags);
		if (err < 0) return err;
	}

	if (net.nft.validate_state === NFT_VALIDATE_DO) return nft_table_validate(net, ctx.table!);
	return 0;
}

/**
 * Takes the references that data makes, once more.
 * @param type NFT_DATA_*
 * @kernel net/netfilter/nf_tables_api.c:5469 (v5.10)
 */
export function nft_data_hold(data: nft_data, type: number): void {
	if (type === NFT_DATA_VERDICT) {
		switch (data.verdict.code) {
			case NFT_JUMP:
			case NFT_GOTO: {
				const chain = data.verdict.chain!;
				chain.use++;

				if (!nft_chain_is_bound(chain)) break;

				chain.table.use++;
				chain.use += chain.rules.length;

				nft_chain_add(chain.table, chain);
				break;
			}
		}
	}
}

/**
 * Takes back what nft_set_elem_deactivate() did.
 * @kernel net/netfilter/nf_tables_api.c:5494 (v5.10)
 */
function nft_set_elem_activate(set: nft_set, elem: nft_set_elem): void {
	const ext = elem.priv!;

	if (nft_set_ext_exists(ext, NFT_SET_EXT_DATA)) nft_data_hold(ext.data!, set.dtype);
	if (nft_set_ext_exists(ext, NFT_SET_EXT_OBJREF)) ext.obj!.use++;
}

/**
 * Lets an element go of data and object.
 * @kernel net/netfilter/nf_tables_api.c:5506 (v5.10)
 */
function nft_set_elem_deactivate(net: net, set: nft_set, elem: nft_set_elem): void {
	const ext = elem.priv!;

	if (nft_set_ext_exists(ext, NFT_SET_EXT_DATA))
		nft_data_release(net.machine, ext.data!, set.dtype);
	if (nft_set_ext_exists(ext, NFT_SET_EXT_OBJREF)) ext.obj!.use--;
}

/**
 * Removes one element in the next generation.
 * @param attr its attributes
 * @returns 0, -EINVAL, -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:5518 (v5.10)
 */
function nft_del_setelem(ctx: nft_ctx, set: nft_set, attr: nlattrs): number {
	const tmpl = new nft_set_ext_tmpl();
	const err = nla_validate(attr, nft_set_elem_policy);
	if (err < 0) return err;

	const key_attr = nla_parse_nested(attr, NFTA_SET_ELEM_KEY);
	if (key_attr === null) return -EINVAL;

	nft_set_ext_prepare(tmpl);

	const flags = nft_setelem_parse_flags(set, attr);
	if (flags < 0) return flags;
	if (flags !== 0) nft_set_ext_add(tmpl, NFT_SET_EXT_FLAGS);

	const key = nft_setelem_parse_key(ctx, set, key_attr);
	if (IS_ERR(key)) return key;
	const elem = new nft_set_elem(key);

	nft_set_ext_add(tmpl, NFT_SET_EXT_KEY);

	const key_end_attr = nla_parse_nested(attr, NFTA_SET_ELEM_KEY_END);
	if (key_end_attr !== null) {
		const key_end = nft_setelem_parse_key(ctx, set, key_end_attr);
		if (IS_ERR(key_end)) return key_end;
		elem.key_end = key_end;

		nft_set_ext_add(tmpl, NFT_SET_EXT_KEY_END);
	}

	elem.priv = nft_set_elem_init(set, tmpl, elem.key, elem.key_end, null, 0, 0);
	elem.priv.flags = flags;

	const trans = nft_trans_elem_alloc(ctx, NFT_MSG_DELSETELEM, set);

	const priv = set.ops.deactivate(ctx.net, set, elem);
	if (priv === null) return -ENOENT;
	elem.priv = priv;

	nft_set_elem_deactivate(ctx.net, set, elem);

	trans.elem = elem;
	ctx.net.nft.commit_list.push(trans);
	return 0;
}

/**
 * Removes an element that a walk has found, in the next generation.
 * @returns 0, -ENOENT when something else removes it
 * @kernel net/netfilter/nf_tables_api.c:5600 (v5.10)
 */
function nft_flush_set(
	ctx: nft_ctx,
	set: nft_set,
	_iter: nft_set_iter,
	elem: nft_set_elem,
): number {
	const trans = nft_trans_alloc(ctx, NFT_MSG_DELSETELEM);

	if (!set.ops.flush(ctx.net, set, elem.priv!)) return -ENOENT;
	set.ndeact++;

	nft_set_elem_deactivate(ctx.net, set, elem);
	trans.set = set;
	trans.elem = elem;
	ctx.net.nft.commit_list.push(trans);
	return 0;
}

/**
 * Serves DELSETELEM: the named elements, or all.
 * @returns 0, -EINVAL, -ENOENT, -EBUSY for a constant set in use
 * @kernel net/netfilter/nf_tables_api.c:5630 (v5.10)
 */
function nf_tables_delsetelem(net: net, msg: nfnl_msg, extack: netlink_ext_ack): number {
	const genmask = nft_genmask_next(net);

	const ctx = nft_ctx_init_from_elemattr(net, msg, extack, genmask);
	if (IS_ERR(ctx)) return ctx;

	const set = nft_set_lookup(ctx.table!, msg.tb, NFTA_SET_ELEM_LIST_SET, genmask);
	if (IS_ERR(set)) return set;
	if (set.bindings.length > 0 && (set.flags & NFT_SET_CONSTANT) !== 0) return -EBUSY;

	const elements = nla_nested_list(msg.tb, NFTA_SET_ELEM_LIST_ELEMENTS);
	if (elements === null) {
		const iter: nft_set_iter = {
			genmask,
			skip: 0,
			count: 0,
			err: 0,
			fn: nft_flush_set,
		};
		set.ops.walk(ctx, set, iter);

		return iter.err;
	}

	for (const attr of elements) {
		const err = nft_del_setelem(ctx, set, attr);
		if (err < 0) return err;

		set.ndeact++;
	}
	return 0;
}

/**
 * Destroys elements that a collector has taken out, after the grace period.
 * @kernel net/netfilter/nf_tables_api.c:5672 (v5.10)
 */
export function nft_set_gc_batch_release(set: nft_set, elems: readonly nft_set_ext[]): void {
	for (const elem of elems) nft_set_elem_destroy(set, elem, true);
}

/*
 * Stateful objects
 */

/**
 * Registers a kind of stateful object.
 * @returns 0, -EINVAL without a number
 * @kernel net/netfilter/nf_tables_api.c:5706 (v5.10)
 */
export function nft_register_obj(m: Machine, obj_type: nft_object_type): number {
	if (obj_type.type === NFT_OBJECT_UNSPEC) return -EINVAL;

	nf_tables_objects.of(m).unshift(obj_type);
	return 0;
}

/**
 * Takes a kind of stateful object out.
 * @kernel net/netfilter/nf_tables_api.c:5724 (v5.10)
 */
export function nft_unregister_obj(m: Machine, obj_type: nft_object_type): void {
	list_del(nf_tables_objects.of(m), obj_type);
}

/**
 * Finds an object by its name.
 * @param attr attribute of the name
 * @param objtype NFT_OBJECT_*
 * @param genmask bit of the generation
 * @returns the object or -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:5732 (v5.10)
 */
export function nft_obj_lookup(
	_net: net,
	table: nft_table,
	nla: nlattrs,
	attr: number,
	objtype: number,
	genmask: number,
): nft_object | number {
	const search = nla_strdup(nla, attr) ?? '';

	for (const obj of table.objects_ht.get(search) ?? []) {
		if (objtype === obj.ops.type.type && nft_active_genmask(obj, genmask)) return obj;
	}
	return -ENOENT;
}

/**
 * Finds an object by its handle.
 * @param attr attribute of the handle
 * @param objtype NFT_OBJECT_*
 * @param genmask bit of the generation
 * @returns the object or -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:5766 (v5.10)
 */
function nft_obj_lookup_byhandle(
	table: nft_table,
	nla: nlattrs,
	attr: number,
	objtype: number,
	genmask: number,
): nft_object | number {
	const handle = nla_get_u64(nla, attr);

	for (const obj of table.objects) {
		if (
			handle === obj.handle &&
			objtype === obj.ops.type.type &&
			nft_active_genmask(obj, genmask)
		)
			return obj;
	}
	return -ENOENT;
}

const nft_obj_policy: nla_policy = {
	[NFTA_OBJ_TABLE]: { type: NLA_STRING, len: NFT_TABLE_MAXNAMELEN - 1 },
	[NFTA_OBJ_NAME]: { type: NLA_STRING, len: NFT_OBJ_MAXNAMELEN - 1 },
	[NFTA_OBJ_TYPE]: { type: NLA_U32 },
	[NFTA_OBJ_DATA]: { type: NLA_NESTED },
	[NFTA_OBJ_HANDLE]: { type: NLA_U64 },
	[NFTA_OBJ_USERDATA]: { type: NLA_BINARY, len: NFT_USERDATA_MAXLEN },
};

/**
 * Makes an object.
 * @param attr its parameters, may be absent
 * @returns the object or what its kind says
 * @kernel net/netfilter/nf_tables_api.c:5793 (v5.10)
 */
function nft_obj_init(
	ctx: nft_ctx,
	type: nft_object_type,
	attr: nlattrs | null,
): nft_object | number {
	const tb: nlattrs = attr ?? new Map<number, nlattr_value>();
	let err = nla_validate(tb, type.policy);
	if (err < 0) return err;

	let ops: nft_object_ops | number;
	if (type.select_ops !== undefined) {
		ops = type.select_ops(ctx, tb);
		if (IS_ERR(ops)) return ops;
	} else {
		ops = type.ops!;
	}

	const obj = new nft_object(ctx.table!, ops);
	err = ops.init(ctx, tb, obj);
	if (err < 0) return err;
	return obj;
}

/**
 * Adds what an object holds.
 * @param reset start again from zero
 * @kernel net/netfilter/nf_tables_api.c:5846 (v5.10)
 */
function nft_object_dump(tb: nlattrs, attr: number, obj: nft_object, reset: boolean): void {
	obj.ops.dump(nla_nest_start(tb, attr), obj, reset);
}

/**
 * Finds a kind of object.
 * @param objtype NFT_OBJECT_*
 * @returns null when not registered
 * @kernel net/netfilter/nf_tables_api.c:5863 (v5.10)
 */
function __nft_obj_type_get(m: Machine, objtype: number): nft_object_type | null {
	for (const type of nf_tables_objects.of(m)) {
		if (objtype === type.type) return type;
	}
	return null;
}

/**
 * Finds a kind of object.
 * @param objtype NFT_OBJECT_*
 * @returns the type or -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:5875 (v5.10)
 */
function nft_obj_type_get(net: net, objtype: number): nft_object_type | number {
	return __nft_obj_type_get(net.machine, objtype) ?? -ENOENT;
}

/**
 * Changes an object at commit.
 * @param attr its new parameters
 * @returns 0 or what its kind says
 * @kernel net/netfilter/nf_tables_api.c:5893 (v5.10)
 */
function nf_tables_updobj(
	ctx: nft_ctx,
	type: nft_object_type,
	attr: nlattrs | null,
	obj: nft_object,
): number {
	const trans = nft_trans_alloc(ctx, NFT_MSG_NEWOBJ);

	const newobj = nft_obj_init(ctx, type, attr);
	if (IS_ERR(newobj)) return newobj;

	trans.obj = obj;
	trans.update = true;
	trans.newobj = newobj;
	ctx.net.nft.commit_list.push(trans);
	return 0;
}

/**
 * Serves NEWOBJ.
 * @returns 0, -EINVAL, -ENOENT (table, kind), -EEXIST with NLM_F_EXCL, -EOPNOTSUPP with
 * NLM_F_REPLACE, or what the kind says
 * @kernel net/netfilter/nf_tables_api.c:5925 (v5.10)
 */
function nf_tables_newobj(net: net, msg: nfnl_msg, extack: netlink_ext_ack): number {
	const genmask = nft_genmask_next(net);
	const family = msg.nfgen_family;
	const nla = msg.tb;

	if (!nla.has(NFTA_OBJ_TYPE) || !nla.has(NFTA_OBJ_NAME) || !nla.has(NFTA_OBJ_DATA))
		return -EINVAL;

	const table = nft_table_lookup(net, nla, NFTA_OBJ_TABLE, family, genmask);
	if (IS_ERR(table)) {
		NL_SET_BAD_ATTR(extack, NFTA_OBJ_TABLE);
		return table;
	}

	const objtype = nla_get_u32(nla, NFTA_OBJ_TYPE)!;
	const data = nla_parse_nested(nla, NFTA_OBJ_DATA);
	const ctx = nft_ctx_init(net, msg, family, table, null);
	const old = nft_obj_lookup(net, table, nla, NFTA_OBJ_NAME, objtype, genmask);
	if (IS_ERR(old)) {
		if (old !== -ENOENT) {
			NL_SET_BAD_ATTR(extack, NFTA_OBJ_NAME);
			return old;
		}
	} else {
		if ((msg.flags & NLM_F_EXCL) !== 0) {
			NL_SET_BAD_ATTR(extack, NFTA_OBJ_NAME);
			return -EEXIST;
		}
		if ((msg.flags & NLM_F_REPLACE) !== 0) return -EOPNOTSUPP;

		return nf_tables_updobj(ctx, __nft_obj_type_get(net.machine, objtype)!, data, old);
	}

	const type = nft_obj_type_get(net, objtype);
	if (IS_ERR(type)) return type;

	const obj = nft_obj_init(ctx, type, data);
	if (IS_ERR(obj)) return obj;

	obj.handle = nf_tables_alloc_handle(table);
	obj.name = nla_strdup(nla, NFTA_OBJ_NAME)!;
	obj.udata = nla_data(nla, NFTA_OBJ_USERDATA);

	nft_trans_obj_add(ctx, NFT_MSG_NEWOBJ, obj);

	const same = table.objects_ht.get(obj.name);
	if (same === undefined) table.objects_ht.set(obj.name, [obj]);
	else same.push(obj);

	table.objects.push(obj);
	table.use++;
	return 0;
}

/**
 * Describes an object.
 * @param event NFT_MSG_NEWOBJ or NFT_MSG_DELOBJ
 * @param reset start again from zero
 * @kernel net/netfilter/nf_tables_api.c:6030 (v5.10)
 */
function nf_tables_fill_obj_info(
	net: net,
	seq: number,
	event: number,
	flags: number,
	family: number,
	table: nft_table,
	obj: nft_object,
	reset: boolean,
): nfnl_msg {
	const msg = nft_msg_put(net, seq, event, flags, family);
	const tb = msg.tb;

	nla_put_string(tb, NFTA_OBJ_TABLE, table.name);
	nla_put_string(tb, NFTA_OBJ_NAME, obj.name);
	nla_put_u32(tb, NFTA_OBJ_TYPE, obj.ops.type.type);
	nla_put_u32(tb, NFTA_OBJ_USE, obj.use);
	nft_object_dump(tb, NFTA_OBJ_DATA, obj, reset);
	nla_put_u64_64bit(tb, NFTA_OBJ_HANDLE, obj.handle);

	if (obj.udata !== null) nla_put(tb, NFTA_OBJ_USERDATA, obj.udata);
	return msg;
}

/**
 * Describes the objects of a table or kind, of a family or of all.
 * @kernel net/netfilter/nf_tables_api.c:6074 (v5.10)
 */
function nf_tables_dump_obj(net: net, req: nfnl_msg): nfnl_msg[] {
	const family = req.nfgen_family;
	const filter_table = nla_strdup(req.tb, NFTA_OBJ_TABLE);
	const filter_type = nla_get_u32(req.tb, NFTA_OBJ_TYPE) ?? NFT_OBJECT_UNSPEC;
	const reset = NFNL_MSG_TYPE(req.type) === NFT_MSG_GETOBJ_RESET;
	const answer: nfnl_msg[] = [];

	for (const table of net.nft.tables) {
		if (family !== NFPROTO_UNSPEC && family !== table.family) continue;

		for (const obj of table.objects) {
			if (!nft_is_active(net, obj)) continue;
			if (filter_table !== null && filter_table !== table.name) continue;
			if (filter_type !== NFT_OBJECT_UNSPEC && obj.ops.type.type !== filter_type)
				continue;

			answer.push(
				nf_tables_fill_obj_info(
					net,
					req.seq,
					NFT_MSG_NEWOBJ,
					NLM_F_MULTI | NLM_F_APPEND,
					table.family,
					table,
					obj,
					reset,
				),
			);
		}
	}
	return answer;
}

/**
 * Serves GETOBJ and GETOBJ_RESET.
 * @returns the description, -EINVAL, -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:6184 (v5.10)
 */
function nf_tables_getobj(net: net, req: nfnl_msg, extack: netlink_ext_ack): nfnl_msg[] | number {
	const genmask = nft_genmask_cur(net);
	const family = req.nfgen_family;
	const nla = req.tb;

	if ((req.flags & NLM_F_DUMP) !== 0) return nf_tables_dump_obj(net, req);

	if (!nla.has(NFTA_OBJ_NAME) || !nla.has(NFTA_OBJ_TYPE)) return -EINVAL;

	const table = nft_table_lookup(net, nla, NFTA_OBJ_TABLE, family, genmask);
	if (IS_ERR(table)) {
		NL_SET_BAD_ATTR(extack, NFTA_OBJ_TABLE);
		return table;
	}

	const objtype = nla_get_u32(nla, NFTA_OBJ_TYPE)!;
	const obj = nft_obj_lookup(net, table, nla, NFTA_OBJ_NAME, objtype, genmask);
	if (IS_ERR(obj)) {
		NL_SET_BAD_ATTR(extack, NFTA_OBJ_NAME);
		return obj;
	}

	const reset = NFNL_MSG_TYPE(req.type) === NFT_MSG_GETOBJ_RESET;

	return [
		nf_tables_fill_obj_info(net, req.seq, NFT_MSG_NEWOBJ, 0, family, table, obj, reset),
	];
}

/**
 * Destroys an object.
 * @kernel net/netfilter/nf_tables_api.c:6260 (v5.10)
 */
function nft_obj_destroy(ctx: nft_ctx, obj: nft_object): void {
	obj.ops.destroy?.(ctx, obj);
}

/**
 * Serves DELOBJ.
 * @returns 0, -EINVAL, -ENOENT, -EBUSY when rules or elements refer to it
 * @kernel net/netfilter/nf_tables_api.c:6271 (v5.10)
 */
function nf_tables_delobj(net: net, msg: nfnl_msg, extack: netlink_ext_ack): number {
	const genmask = nft_genmask_next(net);
	const family = msg.nfgen_family;
	const nla = msg.tb;
	let attr = NFTA_OBJ_NAME;
	let obj: nft_object | number;

	if (!nla.has(NFTA_OBJ_TYPE) || (!nla.has(NFTA_OBJ_NAME) && !nla.has(NFTA_OBJ_HANDLE)))
		return -EINVAL;

	const table = nft_table_lookup(net, nla, NFTA_OBJ_TABLE, family, genmask);
	if (IS_ERR(table)) {
		NL_SET_BAD_ATTR(extack, NFTA_OBJ_TABLE);
		return table;
	}

	const objtype = nla_get_u32(nla, NFTA_OBJ_TYPE)!;
	if (nla.has(NFTA_OBJ_HANDLE)) {
		attr = NFTA_OBJ_HANDLE;
		obj = nft_obj_lookup_byhandle(table, nla, attr, objtype, genmask);
	} else {
		obj = nft_obj_lookup(net, table, nla, attr, objtype, genmask);
	}
	if (IS_ERR(obj)) {
		NL_SET_BAD_ATTR(extack, attr);
		return obj;
	}
	if (obj.use > 0) {
		NL_SET_BAD_ATTR(extack, attr);
		return -EBUSY;
	}

	return nft_delobj(nft_ctx_init(net, msg, family, table, null), obj);
}

/*
 * Flow tables
 */

/**
 * Registers a family's flow table type.
 * @kernel net/netfilter/nf_tables_api.c:6368 (v5.10)
 */
export function nft_register_flowtable_type(m: Machine, type: nf_flowtable_type): void {
	nf_tables_flowtables.of(m).push(type);
}

/**
 * Takes a flow table type out.
 * @kernel net/netfilter/nf_tables_api.c:6376 (v5.10)
 */
export function nft_unregister_flowtable_type(m: Machine, type: nf_flowtable_type): void {
	list_del(nf_tables_flowtables.of(m), type);
}

const nft_flowtable_policy: nla_policy = {
	[NFTA_FLOWTABLE_TABLE]: { type: NLA_STRING, len: NFT_NAME_MAXLEN - 1 },
	[NFTA_FLOWTABLE_NAME]: { type: NLA_STRING, len: NFT_NAME_MAXLEN - 1 },
	[NFTA_FLOWTABLE_HOOK]: { type: NLA_NESTED },
	[NFTA_FLOWTABLE_HANDLE]: { type: NLA_U64 },
	[NFTA_FLOWTABLE_FLAGS]: { type: NLA_U32 },
};

/**
 * Finds a flowtable by its name.
 * @param attr attribute of the name
 * @param genmask bit of the generation
 * @returns the flowtable or -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:6394 (v5.10)
 */
export function nft_flowtable_lookup(
	table: nft_table,
	nla: nlattrs,
	attr: number,
	genmask: number,
): nft_flowtable | number {
	const name = nla_strdup(nla, attr);

	for (const flowtable of table.flowtables) {
		if (name === flowtable.name && nft_active_genmask(flowtable, genmask))
			return flowtable;
	}
	return -ENOENT;
}

/**
 * Lets go of a flowtable, as an expression's deactivate does.
 * @param phase NFT_TRANS_*
 * @kernel net/netfilter/nf_tables_api.c:6408 (v5.10)
 */
export function nf_tables_deactivate_flowtable(
	_ctx: nft_ctx,
	flowtable: nft_flowtable,
	phase: number,
): void {
	switch (phase) {
		case NFT_TRANS_PREPARE:
		case NFT_TRANS_ABORT:
		case NFT_TRANS_RELEASE:
			flowtable.use--;
			return;
		default:
			return;
	}
}

/**
 * Finds a flowtable by its handle.
 * @param attr attribute of the handle
 * @param genmask bit of the generation
 * @returns the flowtable or -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:6425 (v5.10)
 */
function nft_flowtable_lookup_byhandle(
	table: nft_table,
	nla: nlattrs,
	attr: number,
	genmask: number,
): nft_flowtable | number {
	const handle = nla_get_u64(nla, attr);

	for (const flowtable of table.flowtables) {
		if (handle === flowtable.handle && nft_active_genmask(flowtable, genmask))
			return flowtable;
	}
	return -ENOENT;
}

/** What a request says about the hook of a flowtable. */
class nft_flowtable_hook {
	num = 0;
	priority = 0;
	list: nft_hook_dev[] = [];
}

const nft_flowtable_hook_policy: nla_policy = {
	[NFTA_FLOWTABLE_HOOK_NUM]: { type: NLA_U32 },
	[NFTA_FLOWTABLE_HOOK_PRIORITY]: { type: NLA_U32 },
	[NFTA_FLOWTABLE_HOOK_DEVS]: { type: NLA_NESTED_LIST },
};

/**
 * Reads the hook of a flowtable.
 * @param attr NFTA_FLOWTABLE_HOOK_*
 * @param add for a new flowtable, which needs number and priority; else they may be left out and
 * must be the ones it has
 * @returns the hook; -EINVAL (something missing), -EOPNOTSUPP (not ingress, or other than it has),
 * -ENOENT (no such device), -EEXIST (a device twice), -EFBIG
 * @kernel net/netfilter/nf_tables_api.c:6450 (v5.10)
 */
function nft_flowtable_parse_hook(
	ctx: nft_ctx,
	attr: nlattrs | null,
	flowtable: nft_flowtable,
	add: boolean,
): nft_flowtable_hook | number {
	const flowtable_hook = new nft_flowtable_hook();

	const tb: nlattrs = attr ?? new Map<number, nlattr_value>();
	let err = nla_validate(tb, nft_flowtable_hook_policy);
	if (err < 0) return err;

	const hooknum = nla_get_u32(tb, NFTA_FLOWTABLE_HOOK_NUM);
	const priority = nla_get_s32(tb, NFTA_FLOWTABLE_HOOK_PRIORITY);
	if (add) {
		if (hooknum === null || priority === null) return -EINVAL;

		if (hooknum !== NF_NETDEV_INGRESS) return -EOPNOTSUPP;

		flowtable_hook.priority = priority;
		flowtable_hook.num = hooknum;
	} else {
		if (hooknum !== null && hooknum !== flowtable.hooknum) return -EOPNOTSUPP;

		if (priority !== null && priority !== flowtable.data.priority) return -EOPNOTSUPP;

		flowtable_hook.priority = flowtable.data.priority;
		flowtable_hook.num = flowtable.hooknum;
	}

	const devs = nla_nested_list(tb, NFTA_FLOWTABLE_HOOK_DEVS);
	if (devs !== null) {
		err = nf_tables_parse_netdev_hooks(ctx.net, devs, flowtable_hook.list);
		if (err < 0) return err;
	}

	for (const hook of flowtable_hook.list) {
		hook.ops.pf = NFPROTO_NETDEV;
		hook.ops.hooknum = flowtable_hook.num;
		hook.ops.priority = flowtable_hook.priority;
		hook.ops.priv = flowtable.data;
		hook.ops.hook = flowtable.data.type.hook;
	}
	return flowtable_hook;
}

/**
 * Finds the flow table type of a family.
 * @param family NFPROTO_*
 * @returns null when not registered
 * @kernel net/netfilter/nf_tables_api.c:6516 (v5.10)
 */
function __nft_flowtable_type_get(m: Machine, family: number): nf_flowtable_type | null {
	for (const type of nf_tables_flowtables.of(m)) {
		if (family === type.family) return type;
	}
	return null;
}

/**
 * Finds the flow table type of a family.
 * @param family NFPROTO_*
 * @returns the type or -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:6528 (v5.10)
 */
function nft_flowtable_type_get(net: net, family: number): nf_flowtable_type | number {
	return __nft_flowtable_type_get(net.machine, family) ?? -ENOENT;
}

/**
 * Unregisters the hook of one device, after an error or when the device goes.
 * @kernel net/netfilter/nf_tables_api.c:6547 (v5.10)
 */
function nft_unregister_flowtable_hook(
	net: net,
	flowtable: nft_flowtable,
	hook: nft_hook_dev,
): void {
	nf_unregister_net_hook(net, hook.ops);
	flowtable.data.type.setup(flowtable.data, hook.ops.dev!, FLOW_BLOCK_UNBIND);
}

/**
 * Unregisters the hooks of all devices.
 * @kernel net/netfilter/nf_tables_api.c:6556 (v5.10)
 */
function nft_unregister_flowtable_net_hooks(net: net, hook_list: readonly nft_hook_dev[]): void {
	for (const hook of hook_list) nf_unregister_net_hook(net, hook.ops);
}

/**
 * Registers the hooks of all devices, or none.
 * @param hook_list loses those that were registered before an error
 * @returns 0, -EEXIST when a device is in a flowtable of the table already, -EOPNOTSUPP when the
 * device cannot offload, or what registering says
 * @kernel net/netfilter/nf_tables_api.c:6565 (v5.10)
 */
function nft_register_flowtable_net_hooks(
	net: net,
	table: nft_table,
	hook_list: nft_hook_dev[],
	flowtable: nft_flowtable,
): number {
	const type = flowtable.data.type;
	let i = 0;
	let err: number;

	err_unregister_net_hooks: {
		for (const hook of hook_list) {
			for (const ft of table.flowtables) {
				for (const hook2 of ft.hook_list) {
					if (
						hook.ops.dev === hook2.ops.dev &&
						hook.ops.pf === hook2.ops.pf
					) {
						err = -EEXIST;
						break err_unregister_net_hooks;
					}
				}
			}

			err = type.setup(flowtable.data, hook.ops.dev!, FLOW_BLOCK_BIND);
			if (err < 0) break err_unregister_net_hooks;

			err = nf_register_net_hook(net, hook.ops);
			if (err < 0) {
				type.setup(flowtable.data, hook.ops.dev!, FLOW_BLOCK_UNBIND);
				break err_unregister_net_hooks;
			}

			i++;
		}
		return 0;
	}
	for (const hook of hook_list.splice(0, i))
		nft_unregister_flowtable_hook(net, flowtable, hook);
	return err;
}

/**
 * Adds devices to a flowtable.
 * @returns 0, or as nft_flowtable_parse_hook() and nft_register_flowtable_net_hooks()
 * @kernel net/netfilter/nf_tables_api.c:6627 (v5.10)
 */
function nft_flowtable_update(ctx: nft_ctx, flowtable: nft_flowtable): number {
	const flowtable_hook = nft_flowtable_parse_hook(
		ctx,
		nla_parse_nested(ctx.nla, NFTA_FLOWTABLE_HOOK),
		flowtable,
		false,
	);
	if (IS_ERR(flowtable_hook)) return flowtable_hook;

	flowtable_hook.list = flowtable_hook.list.filter(
		(hook) => nft_hook_list_find(flowtable.hook_list, hook) === null,
	);

	const err = nft_register_flowtable_net_hooks(
		ctx.net,
		ctx.table!,
		flowtable_hook.list,
		flowtable,
	);
	if (err < 0) return err;

	const trans = nft_trans_alloc(ctx, NFT_MSG_NEWFLOWTABLE);
	trans.flowtable = flowtable;
	trans.update = true;
	trans.hook_list = flowtable_hook.list;

	ctx.net.nft.commit_list.push(trans);
	return 0;
}

/**
 * Serves NEWFLOWTABLE: makes one, or adds devices to it.
 * @returns 0, -EINVAL, -ENOENT (table, family, device; in C also unknown flags), -EEXIST, or as
 * nft_flowtable_parse_hook() and nft_register_flowtable_net_hooks()
 * @kernel net/netfilter/nf_tables_api.c:6683 (v5.10)
 */
function nf_tables_newflowtable(net: net, msg: nfnl_msg, extack: netlink_ext_ack): number {
	const genmask = nft_genmask_next(net);
	const family = msg.nfgen_family;
	const nla = msg.tb;
	let err: number;

	if (
		!nla.has(NFTA_FLOWTABLE_TABLE) ||
		!nla.has(NFTA_FLOWTABLE_NAME) ||
		!nla.has(NFTA_FLOWTABLE_HOOK)
	)
		return -EINVAL;

	const table = nft_table_lookup(net, nla, NFTA_FLOWTABLE_TABLE, family, genmask);
	if (IS_ERR(table)) {
		NL_SET_BAD_ATTR(extack, NFTA_FLOWTABLE_TABLE);
		return table;
	}

	const old = nft_flowtable_lookup(table, nla, NFTA_FLOWTABLE_NAME, genmask);
	if (IS_ERR(old)) {
		err = old;
		if (err !== -ENOENT) {
			NL_SET_BAD_ATTR(extack, NFTA_FLOWTABLE_NAME);
			return err;
		}
	} else {
		if ((msg.flags & NLM_F_EXCL) !== 0) {
			NL_SET_BAD_ATTR(extack, NFTA_FLOWTABLE_NAME);
			return -EEXIST;
		}

		return nft_flowtable_update(nft_ctx_init(net, msg, family, table, null), old);
	}

	const ctx = nft_ctx_init(net, msg, family, table, null);

	const handle = nf_tables_alloc_handle(table);

	const type = nft_flowtable_type_get(net, family);
	if (IS_ERR(type)) return type;

	const flowtable = new nft_flowtable(
		table,
		nla_strdup(nla, NFTA_FLOWTABLE_NAME)!,
		new nf_flowtable(net, type),
	);
	flowtable.handle = handle;

	if (nla.has(NFTA_FLOWTABLE_FLAGS)) {
		flowtable.data.flags = nla_get_u32(nla, NFTA_FLOWTABLE_FLAGS)!;
		/* As C does: err is still what the lookup said. */
		if ((flowtable.data.flags & ~NFT_FLOWTABLE_MASK) !== 0) return err;
	}

	err = type.init(flowtable.data);
	if (err < 0) return err;

	err4: {
		const flowtable_hook = nft_flowtable_parse_hook(
			ctx,
			nla_parse_nested(nla, NFTA_FLOWTABLE_HOOK),
			flowtable,
			true,
		);
		if (IS_ERR(flowtable_hook)) {
			err = flowtable_hook;
			break err4;
		}

		flowtable.hook_list = flowtable_hook.list;
		flowtable.data.priority = flowtable_hook.priority;
		flowtable.hooknum = flowtable_hook.num;

		err = nft_register_flowtable_net_hooks(net, table, flowtable.hook_list, flowtable);
		if (err < 0) {
			flowtable.hook_list = [];
			break err4;
		}

		nft_trans_flowtable_add(ctx, NFT_MSG_NEWFLOWTABLE, flowtable);

		table.flowtables.push(flowtable);
		table.use++;
		return 0;
	}
	type.free(flowtable.data);
	return err;
}

/**
 * Removes devices from a flowtable at commit.
 * @returns 0, -ENOENT for a device that is not in it, or as nft_flowtable_parse_hook()
 * @kernel net/netfilter/nf_tables_api.c:6818 (v5.10)
 */
function nft_delflowtable_hook(ctx: nft_ctx, flowtable: nft_flowtable): number {
	const flowtable_hook = nft_flowtable_parse_hook(
		ctx,
		nla_parse_nested(ctx.nla, NFTA_FLOWTABLE_HOOK),
		flowtable,
		false,
	);
	if (IS_ERR(flowtable_hook)) return flowtable_hook;

	for (const self of flowtable_hook.list) {
		const hook = nft_hook_list_find(flowtable.hook_list, self);
		if (hook === null) {
			for (const undo of flowtable_hook.list) {
				const h = nft_hook_list_find(flowtable.hook_list, undo);
				if (h === null) break;

				h.inactive = false;
			}
			return -ENOENT;
		}
		hook.inactive = true;
	}

	const trans = nft_trans_alloc(ctx, NFT_MSG_DELFLOWTABLE);
	trans.flowtable = flowtable;
	trans.update = true;

	ctx.net.nft.commit_list.push(trans);
	return 0;
}

/**
 * Serves DELFLOWTABLE: the flowtable, or devices of it.
 * @returns 0, -EINVAL, -ENOENT, -EBUSY when rules use it
 * @kernel net/netfilter/nf_tables_api.c:6870 (v5.10)
 */
function nf_tables_delflowtable(net: net, msg: nfnl_msg, extack: netlink_ext_ack): number {
	const genmask = nft_genmask_next(net);
	const family = msg.nfgen_family;
	const nla = msg.tb;
	let attr = NFTA_FLOWTABLE_NAME;
	let flowtable: nft_flowtable | number;

	if (
		!nla.has(NFTA_FLOWTABLE_TABLE) ||
		(!nla.has(NFTA_FLOWTABLE_NAME) && !nla.has(NFTA_FLOWTABLE_HANDLE))
	)
		return -EINVAL;

	const table = nft_table_lookup(net, nla, NFTA_FLOWTABLE_TABLE, family, genmask);
	if (IS_ERR(table)) {
		NL_SET_BAD_ATTR(extack, NFTA_FLOWTABLE_TABLE);
		return table;
	}

	if (nla.has(NFTA_FLOWTABLE_HANDLE)) {
		attr = NFTA_FLOWTABLE_HANDLE;
		flowtable = nft_flowtable_lookup_byhandle(table, nla, attr, genmask);
	} else {
		flowtable = nft_flowtable_lookup(table, nla, attr, genmask);
	}
	if (IS_ERR(flowtable)) {
		NL_SET_BAD_ATTR(extack, attr);
		return flowtable;
	}

	const ctx = nft_ctx_init(net, msg, family, table, null);

	if (nla.has(NFTA_FLOWTABLE_HOOK)) return nft_delflowtable_hook(ctx, flowtable);

	if (flowtable.use > 0) {
		NL_SET_BAD_ATTR(extack, attr);
		return -EBUSY;
	}

	return nft_delflowtable(ctx, flowtable);
}

/**
 * Describes a flowtable.
 * @param event NFT_MSG_NEWFLOWTABLE or NFT_MSG_DELFLOWTABLE
 * @param hook_list devices to name
 * @kernel net/netfilter/nf_tables_api.c:6922 (v5.10)
 */
function nf_tables_fill_flowtable_info(
	net: net,
	seq: number,
	event: number,
	flags: number,
	family: number,
	flowtable: nft_flowtable,
	hook_list: readonly nft_hook_dev[],
): nfnl_msg {
	const msg = nft_msg_put(net, seq, event, flags, family);
	const tb = msg.tb;

	nla_put_string(tb, NFTA_FLOWTABLE_TABLE, flowtable.table.name);
	nla_put_string(tb, NFTA_FLOWTABLE_NAME, flowtable.name);
	nla_put_u32(tb, NFTA_FLOWTABLE_USE, flowtable.use);
	nla_put_u64_64bit(tb, NFTA_FLOWTABLE_HANDLE, flowtable.handle);
	nla_put_u32(tb, NFTA_FLOWTABLE_FLAGS, flowtable.data.flags);

	const nest = nla_nest_start(tb, NFTA_FLOWTABLE_HOOK);
	nla_put_u32(nest, NFTA_FLOWTABLE_HOOK_NUM, flowtable.hooknum);
	nla_put_s32(nest, NFTA_FLOWTABLE_HOOK_PRIORITY, flowtable.data.priority);

	const nest_devs = nla_list_start(nest, NFTA_FLOWTABLE_HOOK_DEVS);
	for (const hook of hook_list)
		nest_devs.push(new Map([[NFTA_DEVICE_NAME, hook.ops.dev!.name]]));
	return msg;
}

/**
 * Describes the flowtables of a table, of a family or of all.
 * @kernel net/netfilter/nf_tables_api.c:6981 (v5.10)
 */
function nf_tables_dump_flowtable(net: net, req: nfnl_msg): nfnl_msg[] {
	const family = req.nfgen_family;
	const filter = nla_strdup(req.tb, NFTA_FLOWTABLE_TABLE);
	const answer: nfnl_msg[] = [];

	for (const table of net.nft.tables) {
		if (family !== NFPROTO_UNSPEC && family !== table.family) continue;

		for (const flowtable of table.flowtables) {
			if (!nft_is_active(net, flowtable)) continue;
			if (filter !== null && filter !== table.name) continue;

			answer.push(
				nf_tables_fill_flowtable_info(
					net,
					req.seq,
					NFT_MSG_NEWFLOWTABLE,
					NLM_F_MULTI | NLM_F_APPEND,
					table.family,
					flowtable,
					flowtable.hook_list,
				),
			);
		}
	}
	return answer;
}

/**
 * Serves GETFLOWTABLE.
 * @returns the description, -EINVAL, -ENOENT
 * @kernel net/netfilter/nf_tables_api.c:7068 (v5.10)
 */
function nf_tables_getflowtable(net: net, req: nfnl_msg): nfnl_msg[] | number {
	const genmask = nft_genmask_cur(net);
	const family = req.nfgen_family;
	const nla = req.tb;

	if ((req.flags & NLM_F_DUMP) !== 0) return nf_tables_dump_flowtable(net, req);

	if (!nla.has(NFTA_FLOWTABLE_NAME)) return -EINVAL;

	const table = nft_table_lookup(net, nla, NFTA_FLOWTABLE_TABLE, family, genmask);
	if (IS_ERR(table)) return table;

	const flowtable = nft_flowtable_lookup(table, nla, NFTA_FLOWTABLE_NAME, genmask);
	if (IS_ERR(flowtable)) return flowtable;

	return [
		nf_tables_fill_flowtable_info(
			net,
			req.seq,
			NFT_MSG_NEWFLOWTABLE,
			0,
			family,
			flowtable,
			flowtable.hook_list,
		),
	];
}

/**
 * Destroys a flowtable with its flows; its hooks are unregistered already.
 * @kernel net/netfilter/nf_tables_api.c:7167 (v5.10)
 */
function nf_tables_flowtable_destroy(flowtable: nft_flowtable): void {
	const type = flowtable.data.type;

	type.free(flowtable.data);
	for (const hook of flowtable.hook_list)
		type.setup(flowtable.data, hook.ops.dev!, FLOW_BLOCK_UNBIND);
	flowtable.hook_list = [];
}

/**
 * Describes the generation. PORT: no process is named.
 * @kernel net/netfilter/nf_tables_api.c:7183 (v5.10)
 */
function nf_tables_fill_gen_info(net: net, seq: number): nfnl_msg {
	const msg = nft_msg_put(net, seq, NFT_MSG_NEWGEN, 0, NFPROTO_UNSPEC);

	nla_put_u32(msg.tb, NFTA_GEN_ID, net.nft.base_seq);
	return msg;
}

/**
 * Takes a device that goes out of a flowtable.
 * @kernel net/netfilter/nf_tables_api.c:7213 (v5.10)
 */
function nft_flowtable_event(dev: net_device, flowtable: nft_flowtable): void {
	for (const hook of flowtable.hook_list) {
		if (hook.ops.dev !== dev) continue;

		/* the flows themselves are nft_flow_offload's to clean up */
		nft_unregister_flowtable_hook(dev_net(dev), flowtable, hook);
		list_del(flowtable.hook_list, hook);
		break;
	}
}

/**
 * Takes a device that goes out of all flowtables of its namespace.
 * @kernel net/netfilter/nf_tables_api.c:7230 (v5.10)
 */
function nf_tables_flowtable_event(event: number, ptr: netdev_notifier_info): number {
	const dev = netdev_notifier_info_to_dev(ptr);

	if (event !== NETDEV_UNREGISTER) return 0;

	for (const table of dev_net(dev).nft.tables) {
		for (const flowtable of table.flowtables) nft_flowtable_event(dev, flowtable);
	}
	return NOTIFY_DONE;
}

/** Registered by nf_tables_module_init(). */
export const nf_tables_flowtable_notifier: notifier_block<netdev_notifier_info> = {
	notifier_call: nf_tables_flowtable_event,
	priority: 0,
};

/**
 * Serves GETGEN.
 * @kernel net/netfilter/nf_tables_api.c:7290 (v5.10)
 */
function nf_tables_getgen(net: net, req: nfnl_msg): nfnl_msg[] {
	return [nf_tables_fill_gen_info(net, req.seq)];
}

const nf_tables_cb: readonly (nfnl_callback | null)[] = Array.from(
	{ length: NFT_MSG_MAX },
	(_, type): nfnl_callback | null => {
		switch (type) {
			case NFT_MSG_NEWTABLE:
				return {
					call_batch: nf_tables_newtable,
					attr_count: NFTA_TABLE_MAX,
					policy: nft_table_policy,
				};
			case NFT_MSG_GETTABLE:
				return {
					call_rcu: nf_tables_gettable,
					attr_count: NFTA_TABLE_MAX,
					policy: nft_table_policy,
				};
			case NFT_MSG_DELTABLE:
				return {
					call_batch: nf_tables_deltable,
					attr_count: NFTA_TABLE_MAX,
					policy: nft_table_policy,
				};
			case NFT_MSG_NEWCHAIN:
				return {
					call_batch: nf_tables_newchain,
					attr_count: NFTA_CHAIN_MAX,
					policy: nft_chain_policy,
				};
			case NFT_MSG_GETCHAIN:
				return {
					call_rcu: nf_tables_getchain,
					attr_count: NFTA_CHAIN_MAX,
					policy: nft_chain_policy,
				};
			case NFT_MSG_DELCHAIN:
				return {
					call_batch: nf_tables_delchain,
					attr_count: NFTA_CHAIN_MAX,
					policy: nft_chain_policy,
				};
			case NFT_MSG_NEWRULE:
				return {
					call_batch: nf_tables_newrule,
					attr_count: NFTA_RULE_MAX,
					policy: nft_rule_policy,
				};
			case NFT_MSG_GETRULE:
				return {
					call_rcu: nf_tables_getrule,
					attr_count: NFTA_RULE_MAX,
					policy: nft_rule_policy,
				};
			case NFT_MSG_DELRULE:
				return {
					call_batch: nf_tables_delrule,
					attr_count: NFTA_RULE_MAX,
					policy: nft_rule_policy,
				};
			case NFT_MSG_NEWSET:
				return {
					call_batch: nf_tables_newset,
					attr_count: NFTA_SET_MAX,
					policy: nft_set_policy,
				};
			case NFT_MSG_GETSET:
				return {
					call_rcu: nf_tables_getset,
					attr_count: NFTA_SET_MAX,
					policy: nft_set_policy,
				};
			case NFT_MSG_DELSET:
				return {
					call_batch: nf_tables_delset,
					attr_count: NFTA_SET_MAX,
					policy: nft_set_policy,
				};
			case NFT_MSG_NEWSETELEM:
				return {
					call_batch: nf_tables_newsetelem,
					attr_count: NFTA_SET_ELEM_LIST_MAX,
					policy: nft_set_elem_list_policy,
				};
			case NFT_MSG_GETSETELEM:
				return {
					call_rcu: nf_tables_getsetelem,
					attr_count: NFTA_SET_ELEM_LIST_MAX,
					policy: nft_set_elem_list_policy,
				};
			case NFT_MSG_DELSETELEM:
				return {
					call_batch: nf_tables_delsetelem,
					attr_count: NFTA_SET_ELEM_LIST_MAX,
					policy: nft_set_elem_list_policy,
				};
			case NFT_MSG_GETGEN:
				return { call_rcu: nf_tables_getgen, attr_count: 0 };
			case NFT_MSG_NEWOBJ:
				return {
					call_batch: nf_tables_newobj,
					attr_count: NFTA_OBJ_MAX,
					policy: nft_obj_policy,
				};
			case NFT_MSG_GETOBJ:
			case NFT_MSG_GETOBJ_RESET:
				return {
					call_rcu: nf_tables_getobj,
					attr_count: NFTA_OBJ_MAX,
					policy: nft_obj_policy,
				};
			case NFT_MSG_DELOBJ:
				return {
					call_batch: nf_tables_delobj,
					attr_count: NFTA_OBJ_MAX,
					policy: nft_obj_policy,
				};
			case NFT_MSG_NEWFLOWTABLE:
				return {
					call_batch: nf_tables_newflowtable,
					attr_count: NFTA_FLOWTABLE_MAX,
					policy: nft_flowtable_policy,
				};
			case NFT_MSG_GETFLOWTABLE:
				return {
					call_rcu: nf_tables_getflowtable,
					attr_count: NFTA_FLOWTABLE_MAX,
					policy: nft_flowtable_policy,
				};
			case NFT_MSG_DELFLOWTABLE:
				return {
					call_batch: nf_tables_delflowtable,
					attr_count: NFTA_FLOWTABLE_MAX,
					policy: nft_flowtable_policy,
				};
			default:
				return null;
		}
	},
);

/**
 * Validates all tables if the batch has made that necessary.
 * @returns 0, -EAGAIN: the batch has to run again to find the message that is at fault
 * @kernel net/netfilter/nf_tables_api.c:7430 (v5.10)
 */
function nf_tables_validate(net: net): number {
	switch (net.nft.validate_state) {
		case NFT_VALIDATE_SKIP:
			break;
		case NFT_VALIDATE_NEED:
		case NFT_VALIDATE_DO:
			if (net.nft.validate_state === NFT_VALIDATE_NEED)
				nft_validate_state_update(net, NFT_VALIDATE_DO);
			for (const table of net.nft.tables) {
				if (nft_table_validate(net, table) < 0) return -EAGAIN;
			}
			break;
	}
	return 0;
}

/**
 * Sets the drop policy of a new base chain, when all its rules are there.
 * @kernel net/netfilter/nf_tables_api.c:7458 (v5.10)
 */
function nft_chain_commit_drop_policy(trans: nft_trans): void {
	if (trans.policy !== NF_DROP) return;

	const chain = trans.ctx.chain!;
	if (!nft_is_base_chain(chain)) return;

	chain.policy = NF_DROP;
}

/**
 * Takes a chain out of its table's names.
 * @kernel PORT: rhltable_remove
 */
function nft_chain_ht_remove(table: nft_table, chain: nft_chain): boolean {
	const same = table.chains_ht.get(chain.name);
	if (same === undefined || !same.includes(chain)) return false;
	list_del(same, chain);
	if (same.length === 0) table.chains_ht.delete(chain.name);
	return true;
}

/**
 * Makes changes of a chain final.
 * @kernel net/netfilter/nf_tables_api.c:7472 (v5.10)
 */
function nft_chain_commit_update(trans: nft_trans): void {
	const table = trans.ctx.table!;
	const chain = trans.ctx.chain!;

	if (trans.chain_name !== null) {
		nft_chain_ht_remove(table, chain);
		chain.name = trans.chain_name;
		const same = table.chains_ht.get(chain.name);
		if (same === undefined) table.chains_ht.set(chain.name, [chain]);
		else same.push(chain);
	}

	if (!nft_is_base_chain(chain)) return;

	nft_chain_stats_replace(trans, chain);

	switch (trans.policy) {
		case NF_DROP:
		case NF_ACCEPT:
			chain.policy = trans.policy;
			break;
	}
}

/**
 * Makes changes of an object final.
 * @kernel net/netfilter/nf_tables_api.c:7502 (v5.10)
 */
function nft_obj_commit_update(trans: nft_trans): void {
	const obj = trans.obj!;

	obj.ops.update?.(obj, trans.newobj!);
}

/**
 * Destroys what a committed step has removed.
 * @kernel net/netfilter/nf_tables_api.c:7516 (v5.10)
 */
function nft_commit_release(trans: nft_trans): void {
	const ctx = trans.ctx;

	switch (trans.msg_type) {
		case NFT_MSG_DELTABLE:
			nf_tables_table_destroy(ctx);
			break;
		case NFT_MSG_DELCHAIN:
			nf_tables_chain_destroy(ctx);
			break;
		case NFT_MSG_DELRULE:
			nf_tables_rule_destroy(ctx, trans.rule!);
			break;
		case NFT_MSG_DELSET:
			nft_set_destroy(ctx, trans.set!);
			break;
		case NFT_MSG_DELSETELEM:
			nf_tables_set_elem_destroy(ctx, trans.elem!.priv!);
			break;
		case NFT_MSG_DELOBJ:
			nft_obj_destroy(ctx, trans.obj!);
			break;
		case NFT_MSG_DELFLOWTABLE:
			if (trans.update) trans.hook_list = [];
			else nf_tables_flowtable_destroy(trans.flowtable!);
			break;
	}
}

/**
 * Destroys what committed batches have removed.
 * @kernel net/netfilter/nf_tables_api.c:7557 (v5.10)
 */
function nf_tables_trans_destroy_work(m: Machine): void {
	const d = trans_destroyer.of(m);
	const head = d.list;
	d.list = [];

	for (const trans of head) nft_commit_release(trans);
}

/**
 * Destroys at once what committed batches have removed.
 * @kernel net/netfilter/nf_tables_api.c:7577 (v5.10)
 */
export function nf_tables_trans_destroy_flush_work(m: Machine): void {
	flush_delayed_work(trans_destroyer.of(m).work);
}

/**
 * Lays the rules of a chain out for the next generation.
 * @kernel net/netfilter/nf_tables_api.c:7583 (v5.10)
 */
function nf_tables_commit_chain_prepare(net: net, chain: nft_chain): number {
	/* done already, or on its way out */
	if (chain.rules_next !== null || !nft_is_active_next(net, chain)) return 0;

	chain.rules_next = chain.rules.filter((rule) => nft_is_active_next(net, rule));
	return 0;
}

/**
 * Puts the rules that were laid out into the next generation.
 * @kernel net/netfilter/nf_tables_api.c:7651 (v5.10)
 */
function nf_tables_commit_chain(net: net, chain: nft_chain): void {
	const next_genbit = nft_gencursor_next(net) !== 0;
	const g0 = chain.rules_gen_0;
	const g1 = chain.rules_gen_1;

	if (chain.rules_next === null) {
		/* unchanged in the last generation and in this one */
		if (g0 === g1) return;
		/* unchanged in this one: it shares the rules of the present */
		if (next_genbit) chain.rules_gen_1 = g0;
		else chain.rules_gen_0 = g1;
		return;
	}

	if (next_genbit) chain.rules_gen_1 = chain.rules_next;
	else chain.rules_gen_0 = chain.rules_next;

	chain.rules_next = null;
}

/**
 * Takes an object out of its table.
 * @kernel net/netfilter/nf_tables_api.c:7699 (v5.10)
 */
function nft_obj_del(obj: nft_object): void {
	const table = obj.table;
	const same = table.objects_ht.get(obj.name)!;
	list_del(same, obj);
	if (same.length === 0) table.objects_ht.delete(obj.name);
	list_del(table.objects, obj);
}

/**
 * Takes a chain out of its table.
 * @kernel net/netfilter/nf_tables_api.c:7705 (v5.10)
 */
export function nft_chain_del(m: Machine, chain: nft_chain): void {
	const table = chain.table;

	WARN_ON(
		m,
		!nft_chain_ht_remove(table, chain),
		'nft_chain_del',
		`chain ${chain.name} not in its table`,
	);
	list_del(table.chains, chain);
}

/**
 * Moves the devices that were removed from a flowtable to a list.
 * @kernel net/netfilter/nf_tables_api.c:7714 (v5.10)
 */
function nft_flowtable_hooks_del(flowtable: nft_flowtable, hook_list: nft_hook_dev[]): void {
	hook_list.push(...flowtable.hook_list.filter((hook) => hook.inactive));
	flowtable.hook_list = flowtable.hook_list.filter((hook) => !hook.inactive);
}

/**
 * Hands the steps that removed something to the work that destroys it.
 * @kernel net/netfilter/nf_tables_api.c:7737 (v5.10)
 */
function nf_tables_commit_release(net: net): void {
	if (net.nft.commit_list.length === 0) return;

	const d = trans_destroyer.of(net.machine);
	d.list.push(...net.nft.commit_list);
	net.nft.commit_list = [];
	schedule_work(d.work);
}

/**
 * Makes a batch effective: validates, lays rules out, changes the generation and settles each step.
 * @returns 0, -EAGAIN to run the batch again, -EOPNOTSUPP for hardware offload
 * @kernel net/netfilter/nf_tables_api.c:7805 (v5.10)
 */
function nf_tables_commit(net: net): number {
	if (net.nft.commit_list.length === 0) return 0;

	/* step 0: nothing has happened yet, an error can still be told */
	if (nf_tables_validate(net) < 0) return -EAGAIN;

	const err = nft_flow_rule_offload_commit(net);
	if (err < 0) return err;

	/* step 1: lay the rules out */
	for (const trans of net.nft.commit_list) {
		if (trans.msg_type === NFT_MSG_NEWRULE || trans.msg_type === NFT_MSG_DELRULE)
			nf_tables_commit_chain_prepare(net, trans.ctx.chain!);
	}

	/* step 2: put them where packets will look */
	for (const table of net.nft.tables) {
		for (const chain of table.chains) nf_tables_commit_chain(net, chain);
	}

	/* From here on nothing can fail. */
	do net.nft.base_seq = (net.nft.base_seq + 1) >>> 0;
	while (net.nft.base_seq === 0);

	/* step 3: from now on packets see the new generation */
	net.nft.gencursor = nft_gencursor_next(net);

	const keep: nft_trans[] = [];
	for (const trans of net.nft.commit_list) {
		const ctx = trans.ctx;

		switch (trans.msg_type) {
			case NFT_MSG_NEWTABLE:
				if (trans.update) {
					if (!trans.enable) {
						nf_tables_table_disable(net, ctx.table!);
						ctx.table!.flags |= NFT_TABLE_F_DORMANT;
					}
				} else {
					nft_clear(net, ctx.table!);
				}
				break;
			case NFT_MSG_DELTABLE:
				list_del(net.nft.tables, ctx.table!);
				keep.push(trans);
				break;
			case NFT_MSG_NEWCHAIN:
				if (trans.update) {
					nft_chain_commit_update(trans);
					keep.push(trans);
				} else {
					nft_chain_commit_drop_policy(trans);
					nft_clear(net, ctx.chain!);
				}
				break;
			case NFT_MSG_DELCHAIN:
				nft_chain_del(net.machine, ctx.chain!);
				nf_tables_unregister_hook(net, ctx.table!, ctx.chain!);
				keep.push(trans);
				break;
			case NFT_MSG_NEWRULE:
				nft_clear(net, trans.rule!);
				break;
			case NFT_MSG_DELRULE:
				list_del(ctx.chain!.rules, trans.rule!);
				nft_rule_expr_deactivate(ctx, trans.rule!, NFT_TRANS_COMMIT);
				keep.push(trans);
				break;
			case NFT_MSG_NEWSET: {
				const set = trans.set!;
				nft_clear(net, set);
				/* else the table could not be deleted: the set goes with its rule */
				if (nft_set_is_anonymous(set) && set.bindings.length > 0)
					ctx.table!.use--;
				break;
			}
			case NFT_MSG_DELSET:
				list_del(trans.set!.table.sets, trans.set!);
				keep.push(trans);
				break;
			case NFT_MSG_NEWSETELEM:
				trans.set!.ops.activate(net, trans.set!, trans.elem!);
				break;
			case NFT_MSG_DELSETELEM:
				trans.set!.ops.remove(net, trans.set!, trans.elem!);
				trans.set!.nelems--;
				trans.set!.ndeact--;
				keep.push(trans);
				break;
			case NFT_MSG_NEWOBJ:
				if (trans.update) {
					nft_obj_commit_update(trans);
					keep.push(trans);
				} else {
					nft_clear(net, trans.obj!);
				}
				break;
			case NFT_MSG_DELOBJ:
				nft_obj_del(trans.obj!);
				keep.push(trans);
				break;
			case NFT_MSG_NEWFLOWTABLE:
				if (trans.update)
					trans.flowtable!.hook_list.unshift(...trans.hook_list);
				else nft_clear(net, trans.flowtable!);
				break;
			case NFT_MSG_DELFLOWTABLE:
				if (trans.update) {
					nft_flowtable_hooks_del(trans.flowtable!, trans.hook_list);
					nft_unregister_flowtable_net_hooks(net, trans.hook_list);
				} else {
					list_del(
						trans.flowtable!.table.flowtables,
						trans.flowtable!,
					);
					nft_unregister_flowtable_net_hooks(
						net,
						trans.flowtable!.hook_list,
					);
				}
				keep.push(trans);
				break;
		}
	}
	net.nft.commit_list = keep;

	nf_tables_commit_release(net);
	return 0;
}

/**
 * Destroys what an aborted step had made.
 * @kernel net/netfilter/nf_tables_api.c:8029 (v5.10)
 */
function nf_tables_abort_release(trans: nft_trans): void {
	const ctx = trans.ctx;

	switch (trans.msg_type) {
		case NFT_MSG_NEWTABLE:
			nf_tables_table_destroy(ctx);
			break;
		case NFT_MSG_NEWCHAIN:
			nf_tables_chain_destroy(ctx);
			break;
		case NFT_MSG_NEWRULE:
			nf_tables_rule_destroy(ctx, trans.rule!);
			break;
		case NFT_MSG_NEWSET:
			nft_set_destroy(ctx, trans.set!);
			break;
		case NFT_MSG_NEWSETELEM:
			nft_set_elem_destroy(trans.set!, trans.elem!.priv!, true);
			break;
		case NFT_MSG_NEWOBJ:
			nft_obj_destroy(ctx, trans.obj!);
			break;
		case NFT_MSG_NEWFLOWTABLE:
			if (trans.update) trans.hook_list = [];
			else nf_tables_flowtable_destroy(trans.flowtable!);
			break;
	}
}

/**
 * Takes a batch back, last step first.
 * @param action NFNL_ABORT_*
 * @returns 0, -EAGAIN when validating was asked for and fails
 * @kernel net/netfilter/nf_tables_api.c:8061 (v5.10)
 */
function __nf_tables_abort(net: net, action: number): number {
	if (action === NFNL_ABORT_VALIDATE && nf_tables_validate(net) < 0) return -EAGAIN;

	const release: nft_trans[] = [];
	for (const trans of net.nft.commit_list.slice().reverse()) {
		const ctx = trans.ctx;

		switch (trans.msg_type) {
			case NFT_MSG_NEWTABLE:
				if (trans.update) {
					if (trans.enable) {
						nf_tables_table_disable(net, ctx.table!);
						ctx.table!.flags |= NFT_TABLE_F_DORMANT;
					}
				} else {
					list_del(net.nft.tables, ctx.table!);
					release.push(trans);
				}
				break;
			case NFT_MSG_DELTABLE:
				nft_clear(net, ctx.table!);
				break;
			case NFT_MSG_NEWCHAIN:
				if (trans.update) break;
				if (nft_chain_is_bound(ctx.chain!)) break;
				ctx.table!.use--;
				nft_chain_del(net.machine, ctx.chain!);
				nf_tables_unregister_hook(net, ctx.table!, ctx.chain!);
				release.push(trans);
				break;
			case NFT_MSG_DELCHAIN:
				ctx.table!.use++;
				nft_clear(net, ctx.chain!);
				break;
			case NFT_MSG_NEWRULE:
				ctx.chain!.use--;
				list_del(ctx.chain!.rules, trans.rule!);
				nft_rule_expr_deactivate(ctx, trans.rule!, NFT_TRANS_ABORT);
				release.push(trans);
				break;
			case NFT_MSG_DELRULE:
				ctx.chain!.use++;
				nft_clear(net, trans.rule!);
				nft_rule_expr_activate(ctx, trans.rule!);
				break;
			case NFT_MSG_NEWSET:
				ctx.table!.use--;
				if (trans.bound) break;
				list_del(trans.set!.table.sets, trans.set!);
				release.push(trans);
				break;
			case NFT_MSG_DELSET:
				ctx.table!.use++;
				nft_clear(net, trans.set!);
				break;
			case NFT_MSG_NEWSETELEM:
				if (trans.bound) break;
				trans.set!.ops.remove(net, trans.set!, trans.elem!);
				trans.set!.nelems--;
				release.push(trans);
				break;
			case NFT_MSG_DELSETELEM:
				nft_set_elem_activate(trans.set!, trans.elem!);
				trans.set!.ops.activate(net, trans.set!, trans.elem!);
				trans.set!.ndeact--;
				break;
			case NFT_MSG_NEWOBJ:
				if (trans.update) break;
				ctx.table!.use--;
				nft_obj_del(trans.obj!);
				release.push(trans);
				break;
			case NFT_MSG_DELOBJ:
				ctx.table!.use++;
				nft_clear(net, trans.obj!);
				break;
			case NFT_MSG_NEWFLOWTABLE:
				if (trans.update) {
					nft_unregister_flowtable_net_hooks(net, trans.hook_list);
				} else {
					ctx.table!.use--;
					list_del(
						trans.flowtable!.table.flowtables,
						trans.flowtable!,
					);
					nft_unregister_flowtable_net_hooks(
						net,
						trans.flowtable!.hook_list,
					);
				}
				release.push(trans);
				break;
			case NFT_MSG_DELFLOWTABLE:
				if (trans.update) {
					for (const hook of trans.flowtable!.hook_list)
						hook.inactive = false;
				} else {
					ctx.table!.use++;
					nft_clear(net, trans.flowtable!);
				}
				break;
		}
	}
	net.nft.commit_list = [];

	for (const trans of release) nf_tables_abort_release(trans);
	return 0;
}

/**
 * Ends a batch.
 * @kernel net/netfilter/nf_tables_api.c:8210 (v5.10)
 */
function nf_tables_cleanup(net: net): void {
	nft_validate_state_update(net, NFT_VALIDATE_SKIP);
}

/**
 * Takes a batch back.
 * @param action NFNL_ABORT_*
 * @kernel net/netfilter/nf_tables_api.c:8215 (v5.10)
 */
function nf_tables_abort(net: net, action: number): number {
	return __nf_tables_abort(net, action);
}

/**
 * Tells whether the sender knows the present generation.
 * @param genid 0 for any
 * @kernel net/netfilter/nf_tables_api.c:8225 (v5.10)
 */
function nf_tables_valid_genid(net: net, genid: number): boolean {
	return genid === 0 || net.nft.base_seq === genid;
}

/** Registered by nf_tables_module_init(). */
export const nf_tables_subsys: nfnetlink_subsystem = {
	name: 'nf_tables',
	subsys_id: NFNL_SUBSYS_NFTABLES,
	cb: nf_tables_cb,
	commit: nf_tables_commit,
	abort: nf_tables_abort,
	cleanup: nf_tables_cleanup,
	valid_genid: nf_tables_valid_genid,
};

/**
 * Refuses an expression in base chains of another type.
 * @param type NFT_CHAIN_T_*
 * @returns 0, -EOPNOTSUPP
 * @kernel net/netfilter/nf_tables_api.c:8251 (v5.10)
 */
export function nft_chain_validate_dependency(chain: nft_chain, type: number): number {
	if (nft_is_base_chain(chain)) {
		if (chain.type.type !== type) return -EOPNOTSUPP;
	}
	return 0;
}

/**
 * Refuses an expression in base chains at other hooks.
 * @param hook_flags bits of the hooks
 * @returns 0, -EOPNOTSUPP
 * @kernel net/netfilter/nf_tables_api.c:8265 (v5.10)
 */
export function nft_chain_validate_hooks(chain: nft_chain, hook_flags: number): number {
	if (nft_is_base_chain(chain)) {
		if (((1 << chain.ops.hooknum) & hook_flags) !== 0) return 0;

		return -EOPNOTSUPP;
	}
	return 0;
}

/**
 * Follows the jump of a map's element.
 * @returns 0, -ELOOP
 * @kernel net/netfilter/nf_tables_api.c:8295 (v5.10)
 */
function nf_tables_loop_check_setelem(
	ctx: nft_ctx,
	_set: nft_set,
	_iter: nft_set_iter,
	elem: nft_set_elem,
): number {
	const ext = elem.priv!;

	if (
		nft_set_ext_exists(ext, NFT_SET_EXT_FLAGS) &&
		(ext.flags & NFT_SET_ELEM_INTERVAL_END) !== 0
	)
		return 0;

	const verdict = ext.data!.verdict;
	switch (verdict.code) {
		case NFT_JUMP:
		case NFT_GOTO:
			return nf_tables_check_loops(ctx, verdict.chain!);
		default:
			return 0;
	}
}

/**
 * Walks everything that can be reached from a chain, to see whether it leads back to the context's
 * chain.
 * @returns 0, -ELOOP
 * @kernel net/netfilter/nf_tables_api.c:8317 (v5.10)
 */
function nf_tables_check_loops(ctx: nft_ctx, chain: nft_chain): number {
	if (ctx.chain === chain) return -ELOOP;

	for (const rule of chain.rules) {
		for (const expr of rule.expr) {
			if (expr.ops.type.name !== 'immediate') continue;

			const priv = nft_expr_priv<nft_immediate_expr>(expr);
			if (priv.dreg !== NFT_REG_VERDICT) continue;

			const verdict = priv.data.verdict;
			switch (verdict.code) {
				case NFT_JUMP:
				case NFT_GOTO: {
					const err = nf_tables_check_loops(ctx, verdict.chain!);
					if (err < 0) return err;
					break;
				}
				default:
					break;
			}
		}
	}

	for (const set of ctx.table!.sets) {
		if (!nft_is_active_next(ctx.net, set)) continue;
		if ((set.flags & NFT_SET_MAP) === 0 || set.dtype !== NFT_DATA_VERDICT) continue;

		for (const binding of set.bindings) {
			if ((binding.flags & NFT_SET_MAP) === 0 || binding.chain !== chain)
				continue;

			const iter: nft_set_iter = {
				genmask: nft_genmask_next(ctx.net),
				skip: 0,
				count: 0,
				err: 0,
				fn: nf_tables_loop_check_setelem,
			};
			set.ops.walk(ctx, set, iter);
			if (iter.err < 0) return iter.err;
		}
	}
	return 0;
}

/**
 * Reads a number that must not be too large.
 * @param max greatest value
 * @returns the number, or -ERANGE
 * @kernel net/netfilter/nf_tables_api.c:8395 (v5.10)
 */
export function nft_parse_u32_check(tb: nlattrs, attr: number, max: number): number {
	const val = nla_get_u32(tb, attr) ?? 0;
	if (val > max) return -ERANGE;
	return val;
}

/**
 * Reads a register; the old names of 16 bytes become words.
 * @returns word index; 0, which is the verdict, when the attribute is missing
 * @kernel net/netfilter/nf_tables_api.c:8417 (v5.10)
 */
export function nft_parse_register(tb: nlattrs, attr: number): number {
	const reg = nla_get_u32(tb, attr) ?? NFT_REG_VERDICT;
	if (reg <= NFT_REG_4) return (reg * NFT_REG_SIZE) / NFT_REG32_SIZE;
	return (reg + NFT_REG_SIZE / NFT_REG32_SIZE - NFT_REG32_00) >>> 0;
}

/**
 * Adds a register; those of 16 bytes by their old names.
 * @param reg word index
 * @returns 0
 * @kernel net/netfilter/nf_tables_api.c:8442 (v5.10)
 */
export function nft_dump_register(tb: nlattrs, attr: number, reg: number): number {
	const words = NFT_REG_SIZE / NFT_REG32_SIZE;
	if (reg % words === 0) reg = reg / words;
	else reg = reg - words + NFT_REG32_00;

	nla_put_u32(tb, attr, reg);
	return 0;
}

/**
 * Checks that data may be read from a register.
 * @param reg word index
 * @param len bytes
 * @returns 0, -EINVAL (the verdict, no length), -ERANGE (beyond the last)
 * @kernel net/netfilter/nf_tables_api.c:8462 (v5.10)
 */
export function nft_validate_register_load(reg: number, len: number): number {
	if (reg < (NFT_REG_1 * NFT_REG_SIZE) / NFT_REG32_SIZE) return -EINVAL;
	if (len === 0) return -EINVAL;
	if (reg * NFT_REG32_SIZE + len > NFT_REGS_SIZE) return -ERANGE;
	return 0;
}

/**
 * Checks that data may be stored in a register.
 * @param reg word index
 * @param data what is stored, null when it is not known before run time
 * @param type NFT_DATA_*
 * @param len bytes
 * @returns 0, -EINVAL (the kind does not fit, no length), -ERANGE (beyond the last), -ELOOP (a
 * jump that leads back)
 * @kernel net/netfilter/nf_tables_api.c:8489 (v5.10)
 */
export function nft_validate_register_store(
	ctx: nft_ctx,
	reg: number,
	data: nft_data | null,
	type: number,
	len: number,
): number {
	switch (reg) {
		case NFT_REG_VERDICT:
			if (type !== NFT_DATA_VERDICT) return -EINVAL;

			if (
				data !== null &&
				(data.verdict.code === NFT_GOTO || data.verdict.code === NFT_JUMP)
			) {
				const err = nf_tables_check_loops(ctx, data.verdict.chain!);
				if (err < 0) return err;
			}
			return 0;
		default:
			if (reg < (NFT_REG_1 * NFT_REG_SIZE) / NFT_REG32_SIZE) return -EINVAL;
			if (len === 0) return -EINVAL;
			if (reg * NFT_REG32_SIZE + len > NFT_REGS_SIZE) return -ERANGE;

			if (data !== null && type !== NFT_DATA_VALUE) return -EINVAL;
			return 0;
	}
}

const nft_verdict_policy: nla_policy = {
	[NFTA_VERDICT_CODE]: { type: NLA_U32 },
	[NFTA_VERDICT_CHAIN]: { type: NLA_STRING, len: NFT_CHAIN_MAXNAMELEN - 1 },
	[NFTA_VERDICT_CHAIN_ID]: { type: NLA_U32 },
};

/**
 * Reads a verdict.
 * @param desc is filled
 * @param nla NFTA_VERDICT_*
 * @returns 0, -EINVAL, -ENOENT (no such chain), -EOPNOTSUPP (a jump to a base chain)
 * @kernel net/netfilter/nf_tables_api.c:8533 (v5.10)
 */
function nft_verdict_init(ctx: nft_ctx, data: nft_data, desc: nft_data_desc, nla: nlattrs): number {
	const genmask = nft_genmask_next(ctx.net);
	const err = nla_validate(nla, nft_verdict_policy);
	if (err < 0) return err;

	const code = nla_get_s32(nla, NFTA_VERDICT_CODE);
	if (code === null) return -EINVAL;
	data.verdict.code = code;

	switch (code) {
		default:
			switch (code & NF_VERDICT_MASK) {
				case NF_ACCEPT:
				case NF_DROP:
				case NF_QUEUE:
					break;
				default:
					return -EINVAL;
			}
			break;
		case NFT_CONTINUE:
		case NFT_BREAK:
		case NFT_RETURN:
			break;
		case NFT_JUMP:
		case NFT_GOTO: {
			let chain: nft_chain | number;
			if (nla.has(NFTA_VERDICT_CHAIN))
				chain = nft_chain_lookup(
					ctx.table!,
					nla,
					NFTA_VERDICT_CHAIN,
					genmask,
				);
			else if (nla.has(NFTA_VERDICT_CHAIN_ID))
				chain = nft_chain_lookup_byid(ctx.net, nla, NFTA_VERDICT_CHAIN_ID);
			else return -EINVAL;

			if (IS_ERR(chain)) return chain;
			if (nft_is_base_chain(chain)) return -EOPNOTSUPP;

			chain.use++;
			data.verdict.chain = chain;
			break;
		}
	}

	desc.len = NFT_VERDICT_SIZE;
	desc.type = NFT_DATA_VERDICT;
	return 0;
}

/**
 * Drops the reference that a jump makes.
 * @kernel net/netfilter/nf_tables_api.c:8595 (v5.10)
 */
function nft_verdict_uninit(m: Machine, data: nft_data): void {
	switch (data.verdict.code) {
		case NFT_JUMP:
		case NFT_GOTO: {
			const chain = data.verdict.chain!;
			chain.use--;

			if (!nft_chain_is_bound(chain)) break;

			chain.table.use--;
			chain.use -= chain.rules.length;

			nft_chain_del(m, chain);
			break;
		}
	}
}

/**
 * Adds a verdict.
 * @kernel net/netfilter/nf_tables_api.c:8618 (v5.10)
 */
export function nft_verdict_dump(tb: nlattrs, type: number, v: nft_verdict): number {
	const nest = nla_nest_start(tb, type);

	nla_put_s32(nest, NFTA_VERDICT_CODE, v.code);

	switch (v.code) {
		case NFT_JUMP:
		case NFT_GOTO:
			nla_put_string(nest, NFTA_VERDICT_CHAIN, v.chain!.name);
	}
	return 0;
}

/**
 * Reads a value.
 * @param size room in bytes
 * @param desc is filled
 * @returns 0, -EINVAL for an empty one, -EOVERFLOW for one that is too long
 * @kernel net/netfilter/nf_tables_api.c:8643 (v5.10)
 */
function nft_value_init(
	data: nft_data,
	size: number,
	desc: nft_data_desc,
	value: Uint8Array,
): number {
	const len = value.length;
	if (len === 0) return -EINVAL;
	if (len > size) return -EOVERFLOW;

	data.data8.set(value);
	desc.type = NFT_DATA_VALUE;
	desc.len = len;
	return 0;
}

/**
 * Adds a value.
 * @param len bytes
 * @kernel net/netfilter/nf_tables_api.c:8661 (v5.10)
 */
function nft_value_dump(tb: nlattrs, data: nft_data, len: number): number {
	nla_put(tb, NFTA_DATA_VALUE, data.data8.slice(0, len));
	return 0;
}

const nft_data_policy: nla_policy = {
	[NFTA_DATA_VALUE]: { type: NLA_BINARY },
	[NFTA_DATA_VERDICT]: { type: NLA_NESTED },
};

/**
 * Reads a value or a verdict.
 * @param ctx null where only a value will do
 * @param data is filled
 * @param size room in bytes
 * @param desc is filled with kind and length
 * @param nla NFTA_DATA_*, null when the attribute is missing
 * @returns 0, -EINVAL, -EOVERFLOW, or what a verdict says
 * @kernel net/netfilter/nf_tables_api.c:8687 (v5.10)
 */
export function nft_data_init(
	ctx: nft_ctx | null,
	data: nft_data,
	size: number,
	desc: nft_data_desc,
	nla: nlattrs | null,
): number {
	if (nla === null) return -EINVAL;
	const err = nla_validate(nla, nft_data_policy);
	if (err < 0) return err;

	const value = nla_data(nla, NFTA_DATA_VALUE);
	if (value !== null) return nft_value_init(data, size, desc, value);
	const verdict = nla_parse_nested(nla, NFTA_DATA_VERDICT);
	if (verdict !== null && ctx !== null) return nft_verdict_init(ctx, data, desc, verdict);
	return -EINVAL;
}

/**
 * Drops the references that data makes.
 * @param type NFT_DATA_*
 * @kernel net/netfilter/nf_tables_api.c:8717 (v5.10)
 */
export function nft_data_release(m: Machine, data: nft_data, type: number): void {
	if (type < NFT_DATA_VERDICT) return;
	switch (type) {
		case NFT_DATA_VERDICT:
			nft_verdict_uninit(m, data);
			return;
		default:
			WARN_ON(m, true, 'nft_data_release', `data of kind ${type}`);
	}
}

/**
 * Adds a value or a verdict.
 * @param attr attribute that takes it
 * @param type NFT_DATA_*
 * @param len bytes
 * @returns 0, -EINVAL for another kind
 * @kernel net/netfilter/nf_tables_api.c:8730 (v5.10)
 */
export function nft_data_dump(
	tb: nlattrs,
	attr: number,
	data: nft_data,
	type: number,
	len: number,
): number {
	const nest = nla_nest_start(tb, attr);

	switch (type) {
		case NFT_DATA_VALUE:
			return nft_value_dump(nest, data, len);
		case NFT_DATA_VERDICT:
			return nft_verdict_dump(nest, NFTA_DATA_VERDICT, data.verdict);
		default:
			return -EINVAL;
	}
}

/**
 * Removes the context's base chain outside of a batch, because its device goes.
 * @returns 0
 * @kernel net/netfilter/nf_tables_api.c:8757 (v5.10)
 */
export function __nft_release_basechain(ctx: nft_ctx): number {
	const chain = ctx.chain!;
	const m = ctx.net.machine;

	if (
		WARN_ON(
			m,
			!nft_is_base_chain(chain),
			'__nft_release_basechain',
			`${chain.name} is no base chain`,
		)
	)
		return 0;

	nf_tables_unregister_hook(ctx.net, chain.table, chain);
	for (const rule of chain.rules.slice()) {
		list_del(chain.rules, rule);
		chain.use--;
		nf_tables_rule_release(ctx, rule);
	}
	nft_chain_del(m, chain);
	ctx.table!.use--;
	nf_tables_chain_destroy(ctx);
	return 0;
}

/**
 * Removes all tables of a namespace.
 * @kernel net/netfilter/nf_tables_api.c:8778 (v5.10)
 */
function __nft_release_tables(net: net): void {
	const ctx = new nft_ctx(net, NFPROTO_NETDEV);

	for (const table of net.nft.tables.slice()) {
		ctx.family = table.family;

		for (const chain of table.chains) nf_tables_unregister_hook(net, table, chain);
		/* From here on no packet is in a chain. */
		ctx.table = table;
		for (const chain of table.chains.slice()) {
			if (nft_chain_is_bound(chain) && !table.chains.includes(chain)) continue;
			ctx.chain = chain;
			for (const rule of chain.rules.slice()) {
				list_del(chain.rules, rule);
				chain.use--;
				nf_tables_rule_release(ctx, rule);
			}
		}
		for (const flowtable of table.flowtables.slice()) {
			list_del(table.flowtables, flowtable);
			table.use--;
			nf_tables_flowtable_destroy(flowtable);
		}
		for (const set of table.sets.slice()) {
			list_del(table.sets, set);
			table.use--;
			nft_set_destroy(ctx, set);
		}
		for (const obj of table.objects.slice()) {
			nft_obj_del(obj);
			table.use--;
			nft_obj_destroy(ctx, obj);
		}
		for (const chain of table.chains.slice()) {
			ctx.chain = chain;
			nft_chain_del(net.machine, chain);
			table.use--;
			nf_tables_chain_destroy(ctx);
		}
		list_del(net.nft.tables, table);
		nf_tables_table_destroy(ctx);
	}
}

/**
 * Sets a namespace up.
 * @returns 0
 * @kernel net/netfilter/nf_tables_api.c:8832 (v5.10)
 */
function nf_tables_init_net(net: net): number {
	net.nft.base_seq = 1;
	net.nft.validate_state = NFT_VALIDATE_SKIP;
	return 0;
}

/**
 * Empties a namespace.
 * @kernel net/netfilter/nf_tables_api.c:8845 (v5.10)
 */
function nf_tables_exit_net(net: net): void {
	if (net.nft.commit_list.length > 0) __nf_tables_abort(net, NFNL_ABORT_NONE);
	__nft_release_tables(net);
}

/** Registered by nf_tables_module_init(). */
export const nf_tables_net_ops: pernet_operations = {
	init: nf_tables_init_net,
	exit: nf_tables_exit_net,
};
