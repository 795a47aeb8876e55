// SPDX-License-Identifier: GPL-2.0
/*
 * include/net/netlink.h, base v5.10.
 * Netlink messages and attributes. PORT: there are no bytes. A message is an object, its attributes
 * a Map from the uapi constant to a value, a request a function call, its answer a return value.
 * Not ported: everything about the byte format (alignment, padding, nla_ok, policies): a getter that
 * finds no attribute or one of another kind answers null, and the caller refuses with -EINVAL where
 * a policy would have.
 *
 * Values
 *   integers       plain numbers in host meaning, also where uapi says __be16/__be32/__be64: no byte
 *                  order exists here. Unsigned unless uapi says signed (hook priorities, verdict
 *                  codes). 64-bit counters and handles are numbers below 2^53.
 *   names          strings without NUL.
 *   binary         Uint8Array.
 *   nested         nlattrs; a nested list (NFTA_LIST_ELEM, NFTA_EXPR lists, device lists) is
 *                  nlattrs[] without the list wrapper, in order.
 * Data for nft registers (NFTA_DATA_VALUE) is a Uint8Array in the layout that the register has in
 * memory: what comes from packets is big endian as in the packet; host-endian fields (meta mark,
 * iif, oif, length, ct mark, state, status, zone, ...) are little endian.
 * A concatenation is its fields one after the other, each padded with zeros to 4 bytes.
 *
 * The door of nf_tables (net/netfilter/nfnetlink.ts) has three entries:
 *   nfnetlink_rcv_batch(net, msgs: nfnl_msg[], end = true): nfnl_err[]
 *       one atomic transaction. msgs are what stands between NFNL_MSG_BATCH_BEGIN and _END. An empty
 *       answer means committed, else nothing changed. All messages are tried, so there can be
 *       several errors; index counts in msgs. -1 stands for the batch as a whole.
 *       end false: there is no BATCH_END, so it is tried and taken back.
 *   nfnetlink_rcv_dump(net, req: nfnl_msg): nfnl_msg[] | number
 *       a GET with NLM_F_DUMP: all objects of req.nfgen_family (NFPROTO_UNSPEC: of all) that the
 *       attributes in req.tb let through; an unknown table or chain gives an empty list, except
 *       GETSET and GETSETELEM, which give -ENOENT.
 *   nfnetlink_rcv_msg(net, req: nfnl_msg, extack): nfnl_msg[] | number
 *       a GET without NLM_F_DUMP: the one object (GETSETELEM: one message per asked element), or
 *       -errno.
 * An error names its attribute as real extacks do, which the tool shows as marks under the command:
 * extack.bad_attr is the attribute of the message's first level that is to blame (for a hook type
 * NFTA_CHAIN_TYPE, ...); a member of a list attribute is bad_attr = the list (NFTA_RULE_EXPRESSIONS,
 * NFTA_SET_ELEM_LIST_ELEMENTS) and bad_index = its position there. extack._msg is not shown by nft.
 * nlmsg.type is (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_*, in requests and answers (answers: NEW*).
 *
 * What the nft program sends (attributes as real nft 1.0.6 does)
 *   NEWTABLE     NFTA_TABLE_NAME, _FLAGS [, _USERDATA comment]; flags NLM_F_CREATE [| NLM_F_EXCL]
 *   DELTABLE     NFTA_TABLE_NAME | _HANDLE, or neither with family 0: the whole ruleset
 *   NEWCHAIN     NFTA_CHAIN_TABLE, _NAME [, _HOOK{NFTA_HOOK_HOOKNUM, _PRIORITY [, _DEV | _DEVS[]
 *                {NFTA_DEVICE_NAME}]}, _TYPE, _POLICY] [, _FLAGS] [, _USERDATA];
 *                anonymous chains: _ID and NFT_CHAIN_BINDING in _FLAGS, no _NAME
 *   DELCHAIN     NFTA_CHAIN_TABLE, _NAME | _HANDLE
 *   NEWRULE      NFTA_RULE_TABLE, _CHAIN | _CHAIN_ID, _EXPRESSIONS[]{NFTA_EXPR_NAME, _DATA}
 *                [, _USERDATA comment] [, _POSITION handle] [, _HANDLE with NLM_F_REPLACE]
 *                [, _ID, _POSITION_ID]; NLM_F_APPEND: behind, else in front
 *   DELRULE      NFTA_RULE_TABLE [, _CHAIN [, _HANDLE]]: without _HANDLE all of the chain or table
 *   NEWSET       NFTA_SET_TABLE, _NAME ("__set%d", "__map%d" if anonymous), _FLAGS, _KEY_TYPE,
 *                _KEY_LEN, _ID, [_DATA_TYPE, _DATA_LEN | _OBJ_TYPE], [_POLICY], [_DESC{NFTA_SET_DESC_
 *                SIZE, _CONCAT[]{NFTA_SET_FIELD_LEN}}], [_TIMEOUT, _GC_INTERVAL] ms, [_EXPR],
 *                _USERDATA (type information, kept and returned as it is)
 *   DELSET       NFTA_SET_TABLE, _NAME | _HANDLE
 *   NEWSETELEM, DELSETELEM  NFTA_SET_ELEM_LIST_TABLE, _SET, [_SET_ID], _ELEMENTS[]{NFTA_SET_ELEM_KEY
 *                {NFTA_DATA_VALUE} [, _KEY_END], [_FLAGS], [_DATA{NFTA_DATA_VALUE |
 *                NFTA_DATA_VERDICT{NFTA_VERDICT_CODE [, _CHAIN | _CHAIN_ID]}}], [_OBJREF name],
 *                [_TIMEOUT ms], [_EXPR], [_USERDATA]}; DELSETELEM without _ELEMENTS flushes.
 *                An interval set holds both ends as elements, the closing one one past the end with
 *                NFT_SET_ELEM_INTERVAL_END (a set that does not begin at 0 also has an element 0
 *                with that flag); sets of concatenated ranges use _KEY_END.
 *   NEWOBJ       NFTA_OBJ_TABLE, _NAME, _TYPE, _DATA{counter: NFTA_COUNTER_PACKETS, _BYTES}
 *                [, _USERDATA]
 *   DELOBJ       NFTA_OBJ_TABLE, _NAME | _HANDLE, _TYPE
 *   NEWFLOWTABLE NFTA_FLOWTABLE_TABLE, _NAME, _HOOK{NFTA_FLOWTABLE_HOOK_NUM, _PRIORITY,
 *                _DEVS[]{NFTA_DEVICE_NAME}}, _FLAGS
 *   DELFLOWTABLE NFTA_FLOWTABLE_TABLE, _NAME | _HANDLE
 *   GET*         the name attributes as filters; GETOBJ and GETOBJ_RESET also NFTA_OBJ_TYPE;
 *                GETSETELEM without a dump: the asked keys in _ELEMENTS
 * Answers carry the same attributes plus _HANDLE, _USE and, for rules, sets and elements, everything
 * that was stored (dumped expressions have all attributes that the kernel's ->dump writes).
 */

import { U32_ZERO } from '../linux/types.ts';
import { netlink_ext_ack } from '../linux/netlink.ts';

export * from '../uapi/linux/netlink.ts';
export * from '../linux/netlink.ts';

export type nlattr_value = number | string | Uint8Array | nlattrs | nlattrs[];
export type nlattrs = Map<number, nlattr_value>;

/** Header and attributes of any message; a family adds the fields of its own header. */
export class nlmsg {
	/** RTM_*, XFRM_MSG_*, or subsystem << 8 | message for nfnetlink */
	type: number;
	/** NLM_F_* */
	flags: number;
	seq = U32_ZERO;
	tb: nlattrs;

	/**
	 * @param type message type
	 * @param flags NLM_F_*
	 * @param tb attributes
	 * @kernel PORT: nlmsg_put
	 */
	constructor(type: number, flags: number, tb: nlattrs = new Map()) {
		this.type = type;
		this.flags = flags;
		this.tb = tb;
	}
}

/** A message of nfnetlink: struct nfgenmsg behind the netlink header. */
export class nfnl_msg extends nlmsg {
	/** NFPROTO_* */
	nfgen_family: number;
	version = 0;
	/** host order */
	res_id = 0;

	/**
	 * @param type subsystem << 8 | message
	 * @param flags NLM_F_*
	 * @param family NFPROTO_*
	 * @param tb attributes
	 * @kernel PORT: nfnl_msg_put
	 */
	constructor(type: number, flags: number, family: number, tb: nlattrs = new Map()) {
		super(type, flags, tb);
		this.nfgen_family = family;
	}
}

/** One refused message of a batch. */
export class nfnl_err {
	/** position in the batch, -1 for the batch as a whole */
	index: number;
	/** negative errno */
	error: number;
	extack: netlink_ext_ack;

	/**
	 * @param index position in the batch
	 * @param error negative errno
	 * @param extack what is known about it
	 * @kernel PORT: struct nfnl_err, index instead of a pointer into the request
	 */
	constructor(index: number, error: number, extack: netlink_ext_ack = new netlink_ext_ack()) {
		this.index = index;
		this.error = error;
		this.extack = extack;
	}
}

/**
 * Reads a binary attribute.
 * @param tb attributes
 * @param attrtype attribute type
 * @returns the stored bytes themselves, null if absent or not binary
 * @kernel include/net/netlink.h:1137 (v5.10)
 */
export function nla_data(tb: nlattrs, attrtype: number): Uint8Array | null {
	const v = tb.get(attrtype);
	return v instanceof Uint8Array ? v : null;
}

/**
 * Reads a nested attribute.
 * @param tb attributes
 * @param attrtype attribute type
 * @returns the inner attributes, null if absent or not nested
 * @kernel include/net/netlink.h:1202 (v5.10)
 */
export function nla_parse_nested(tb: nlattrs, attrtype: number): nlattrs | null {
	const v = tb.get(attrtype);
	return v instanceof Map ? v : null;
}

/**
 * Adds an 8-bit attribute.
 * @param tb where
 * @param attrtype attribute type
 * @param value 0..255, higher bits are cut
 * @kernel include/net/netlink.h:1241 (v5.10)
 */
export function nla_put_u8(tb: nlattrs, attrtype: number, value: number): void {
	tb.set(attrtype, value & 0xff);
}

/**
 * Adds a 16-bit attribute.
 * @param tb where
 * @param attrtype attribute type
 * @param value 0..65535, host meaning
 * @kernel include/net/netlink.h:1255 (v5.10)
 */
export function nla_put_u16(tb: nlattrs, attrtype: number, value: number): void {
	tb.set(attrtype, value & 0xffff);
}

/**
 * Adds an unsigned 32-bit attribute.
 * @param tb where
 * @param attrtype attribute type
 * @param value host meaning; negative values wrap as in C
 * @kernel include/net/netlink.h:1307 (v5.10)
 */
export function nla_put_u32(tb: nlattrs, attrtype: number, value: number): void {
	tb.set(attrtype, value >>> 0);
}

/**
 * Adds a 64-bit attribute.
 * @param tb where
 * @param attrtype attribute type
 * @param value below 2^53
 * @kernel include/net/netlink.h:1360 (v5.10)
 */
export function nla_put_u64_64bit(tb: nlattrs, attrtype: number, value: number): void {
	tb.set(attrtype, value);
}

/**
 * Adds a signed 32-bit attribute.
 * @param tb where
 * @param attrtype attribute type
 * @param value host meaning
 * @kernel include/net/netlink.h:1446 (v5.10)
 */
export function nla_put_s32(tb: nlattrs, attrtype: number, value: number): void {
	tb.set(attrtype, value | 0);
}

/**
 * Adds a string attribute.
 * @param tb where
 * @param attrtype attribute type
 * @param str without NUL
 * @kernel include/net/netlink.h:1474 (v5.10)
 */
export function nla_put_string(tb: nlattrs, attrtype: number, str: string): void {
	tb.set(attrtype, str);
}

/**
 * Adds a binary attribute.
 * @param tb where
 * @param attrtype attribute type
 * @param data not copied
 * @kernel include/net/netlink.h:527 (v5.10)
 */
export function nla_put(tb: nlattrs, attrtype: number, data: Uint8Array): void {
	tb.set(attrtype, data);
}

/**
 * Adds an empty list of nested attributes.
 * @param tb where
 * @param attrtype attribute type
 * @returns the list, to be filled
 * @kernel PORT: nla_nest_start for an attribute that holds NFTA_LIST_ELEM and the like
 */
export function nla_list_start(tb: nlattrs, attrtype: number): nlattrs[] {
	const list: nlattrs[] = [];
	tb.set(attrtype, list);
	return list;
}

/**
 * Reads an unsigned 32-bit attribute.
 * @param tb attributes
 * @param attrtype attribute type
 * @returns 0..2^32-1, null if absent or no integer
 * @kernel include/net/netlink.h:1552 (v5.10)
 */
export function nla_get_u32(tb: nlattrs, attrtype: number): number | null {
	const v = tb.get(attrtype);
	return typeof v === 'number' ? v >>> 0 : null;
}

/**
 * Reads a 16-bit attribute.
 * @param tb attributes
 * @param attrtype attribute type
 * @returns 0..65535 in host meaning, null if absent or no integer
 * @kernel include/net/netlink.h:1579 (v5.10)
 */
export function nla_get_u16(tb: nlattrs, attrtype: number): number | null {
	const v = tb.get(attrtype);
	return typeof v === 'number' ? v & 0xffff : null;
}

/**
 * Reads an 8-bit attribute.
 * @param tb attributes
 * @param attrtype attribute type
 * @returns 0..255, null if absent or no integer
 * @kernel include/net/netlink.h:1606 (v5.10)
 */
export function nla_get_u8(tb: nlattrs, attrtype: number): number | null {
	const v = tb.get(attrtype);
	return typeof v === 'number' ? v & 0xff : null;
}

/**
 * Reads a 64-bit attribute.
 * @param tb attributes
 * @param attrtype attribute type
 * @returns below 2^53, null if absent or no integer
 * @kernel include/net/netlink.h:1615 (v5.10)
 */
export function nla_get_u64(tb: nlattrs, attrtype: number): number | null {
	const v = tb.get(attrtype);
	return typeof v === 'number' ? v : null;
}

/**
 * Reads a signed 32-bit attribute.
 * @param tb attributes
 * @param attrtype attribute type
 * @returns -2^31..2^31-1, null if absent or no integer
 * @kernel include/net/netlink.h:1650 (v5.10)
 */
export function nla_get_s32(tb: nlattrs, attrtype: number): number | null {
	const v = tb.get(attrtype);
	return typeof v === 'number' ? v | 0 : null;
}

/**
 * Adds an empty nested attribute.
 * @param tb where
 * @param attrtype attribute type
 * @returns the inner attributes, to be filled
 * @kernel include/net/netlink.h:1783 (v5.10)
 */
export function nla_nest_start(tb: nlattrs, attrtype: number): nlattrs {
	const nest: nlattrs = new Map();
	tb.set(attrtype, nest);
	return nest;
}

/**
 * Reads a string attribute.
 * @param tb attributes
 * @param attrtype attribute type
 * @returns without NUL, null if absent or no string
 * @kernel include/net/netlink.h:510 (v5.10)
 */
export function nla_strdup(tb: nlattrs, attrtype: number): string | null {
	const v = tb.get(attrtype);
	return typeof v === 'string' ? v : null;
}

/**
 * Reads a list of nested attributes.
 * @param tb attributes
 * @param attrtype attribute type
 * @returns the list, null if absent or no list
 * @kernel PORT: nla_for_each_nested, as an array
 */
export function nla_nested_list(tb: nlattrs, attrtype: number): nlattrs[] | null {
	const v = tb.get(attrtype);
	return Array.isArray(v) ? v : null;
}
