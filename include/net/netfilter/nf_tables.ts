/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nf_tables.h, base v5.10.
 *
 * Tables, chains, rules, expressions, sets, objects and flowtables of nf_tables, the register file,
 * generations and the steps of a transaction.
 *
 * PORT: registers are words of little-endian host memory, as on x86; what comes from packets is stored
 * byte for byte, nft_reg_store_be16() and the like do that for numbers in network order. The private
 * part of an expression, set or object is an object of its own, made by ops->priv(). A set element and
 * its extensions are one object. A base chain is a subclass of nft_chain (C embeds the chain); lists are
 * arrays; the union of the transaction records is one record.
 * Not ported: tracing (nothing listens), notifications, hardware offload but for its refusal
 * (nf_tables_offload.ts), the size computations of extensions.
 */
import { U32_ZERO } from '../../linux/types.ts';
import type { Machine } from '../../linux/machine.ts';
import { HZ, msecs_to_jiffies } from '../../linux/machine.ts';
import type { net_device } from '../../linux/netdevice.ts';
import type { nf_hook_ops, nf_hook_state, nf_hookfn } from '../../linux/netfilter.ts';
import type { nla_policy } from '../../linux/netfilter/nfnetlink.ts';
import type { sk_buff } from '../../linux/skbuff.ts';
import { NFPROTO_INET, NFPROTO_NETDEV, NF_INET_INGRESS } from '../../uapi/linux/netfilter.ts';
import {
	NFT_CHAIN_BASE,
	NFT_CHAIN_BINDING,
	NFT_CONTINUE,
	NFT_DATA_VALUE,
	NFT_DATA_VERDICT,
	NFT_REG32_COUNT,
	NFT_REG32_SIZE,
	NFT_REG_1,
	NFT_REG_SIZE,
	NFT_REG_VERDICT,
	NFT_SET_ANONYMOUS,
} from '../../uapi/linux/netfilter/nf_tables.ts';
import type { net } from '../net_namespace.ts';
import type { nlattrs } from '../netlink.ts';
import type { nf_flowtable } from './nf_flow_table.ts';

export const NFT_MAX_HOOKS = NF_INET_INGRESS + 1;

export const NFT_JUMP_STACK_SIZE = 16;

/** sizeof(struct nft_verdict) */
export const NFT_VERDICT_SIZE = 16;
/** sizeof(struct nft_data): the greatest value an expression holds, bytes */
export const NFT_DATA_SIZE = 16;

/** struct xt_action_param, the part that nf_tables uses. */
export class xt_action_param {
	state: nf_hook_state;
	/** Offset of the transport header from skb->data; meaningful when tprot_set. */
	thoff = 0;
	/** Fragment offset, 0 for the first or only one. */
	fragoff = 0;

	constructor(state: nf_hook_state) {
		this.state = state;
	}
}

/** The packet under evaluation. PORT: reused, one for each depth of nesting. */
export class nft_pktinfo {
	skb: sk_buff;
	tprot_set = false;
	/** Transport protocol; meaningful when tprot_set. */
	tprot = 0;
	readonly xt: xt_action_param;

	constructor(skb: sk_buff, state: nf_hook_state) {
		this.skb = skb;
		this.xt = new xt_action_param(state);
	}
}

/**
 * Namespace of the hook.
 * @kernel include/net/netfilter/nf_tables.h:31 (v5.10)
 */
export function nft_net(pkt: nft_pktinfo): net {
	return pkt.xt.state.net;
}

/**
 * Number of the hook.
 * @kernel include/net/netfilter/nf_tables.h:36 (v5.10)
 */
export function nft_hook(pkt: nft_pktinfo): number {
	return pkt.xt.state.hook;
}

/**
 * Protocol family of the hook.
 * @kernel include/net/netfilter/nf_tables.h:41 (v5.10)
 */
export function nft_pf(pkt: nft_pktinfo): number {
	return pkt.xt.state.pf;
}

/**
 * Input device or null.
 * @kernel include/net/netfilter/nf_tables.h:46 (v5.10)
 */
export function nft_in(pkt: nft_pktinfo): net_device | null {
	return pkt.xt.state.in;
}

/**
 * Output device or null.
 * @kernel include/net/netfilter/nf_tables.h:51 (v5.10)
 */
export function nft_out(pkt: nft_pktinfo): net_device | null {
	return pkt.xt.state.out;
}

/**
 * Notes packet and hook.
 * @kernel include/net/netfilter/nf_tables.h:56 (v5.10)
 */
export function nft_set_pktinfo(pkt: nft_pktinfo, skb: sk_buff, state: nf_hook_state): void {
	pkt.skb = skb;
	pkt.xt.state = state;
}

/**
 * Marks the transport protocol unknown.
 * @kernel include/net/netfilter/nf_tables.h:64 (v5.10)
 */
export function nft_set_pktinfo_unspec(pkt: nft_pktinfo): void {
	pkt.tprot_set = false;
	pkt.tprot = 0;
	pkt.xt.thoff = 0;
	pkt.xt.fragoff = 0;
}

/** A verdict; `code` is signed as in the uapi enumeration. */
export class nft_verdict {
	code = 0;
	/** Target of NFT_JUMP and NFT_GOTO. */
	chain: nft_chain | null = null;
}

/** A value or a verdict. PORT: both at once, the type tells which counts. */
export class nft_data {
	readonly data: Uint32Array;
	/** The same memory, byte by byte. */
	readonly data8: Uint8Array;
	readonly verdict = new nft_verdict();

	/** @param size bytes, a multiple of 4 */
	constructor(size = NFT_DATA_SIZE) {
		this.data = new Uint32Array(size >> 2);
		this.data8 = new Uint8Array(this.data.buffer);
	}
}

const NFT_REGS_WORDS = NFT_REG_SIZE / NFT_REG32_SIZE + NFT_REG32_COUNT;
/** sizeof_field(struct nft_regs, data) */
export const NFT_REGS_SIZE = NFT_REGS_WORDS * NFT_REG32_SIZE;

/** The registers; words 0 to 3 are the verdict's place and hold no data. */
export class nft_regs {
	readonly data: Uint32Array;
	readonly data8: Uint8Array;
	readonly verdict = new nft_verdict();

	constructor() {
		this.data = new Uint32Array(NFT_REGS_WORDS);
		this.data8 = new Uint8Array(this.data.buffer);
		this.verdict.code = NFT_CONTINUE;
	}
}

/**
 * Stores a byte, the rest of the register is zero.
 * @param dreg word index
 * @kernel include/net/netfilter/nf_tables.h:113 (v5.10)
 */
export function nft_reg_store8(regs: nft_regs, dreg: number, val: number): void {
	regs.data[dreg] = val & 0xff;
}

/**
 * Loads a byte.
 * @param sreg word index
 * @kernel include/net/netfilter/nf_tables.h:119 (v5.10)
 */
export function nft_reg_load8(regs: nft_regs, sreg: number): number {
	return regs.data[sreg] & 0xff;
}

/**
 * Stores a 16-bit number in host order, the rest of the register is zero.
 * @param dreg word index
 * @kernel include/net/netfilter/nf_tables.h:124 (v5.10)
 */
export function nft_reg_store16(regs: nft_regs, dreg: number, val: number): void {
	regs.data[dreg] = val & 0xffff;
}

/**
 * Loads a 16-bit number in host order.
 * @param sreg word index
 * @kernel include/net/netfilter/nf_tables.h:130 (v5.10)
 */
export function nft_reg_load16(regs: nft_regs, sreg: number): number {
	return regs.data[sreg] & 0xffff;
}

/**
 * Stores a 64-bit number in host order.
 * @param dreg index of the first word
 * @param val below 2^63, low bits beyond 2^53 are lost
 * @kernel include/net/netfilter/nf_tables.h:135 (v5.10)
 */
export function nft_reg_store64(regs: nft_regs, dreg: number, val: number): void {
	regs.data[dreg] = val % 0x100000000;
	regs.data[dreg + 1] = Math.floor(val / 0x100000000);
}

/**
 * Stores a 16-bit number so that its bytes stand in network order.
 * @param dreg word index
 * @kernel PORT: nft_reg_store16() of a __be16
 */
export function nft_reg_store_be16(regs: nft_regs, dreg: number, val: number): void {
	regs.data[dreg] = ((val >>> 8) & 0xff) | ((val & 0xff) << 8);
}

/**
 * Loads a 16-bit number whose bytes stand in network order.
 * @param sreg word index
 * @kernel PORT: nft_reg_load16() as a __be16
 */
export function nft_reg_load_be16(regs: nft_regs, sreg: number): number {
	const v = regs.data[sreg];
	return ((v & 0xff) << 8) | ((v >>> 8) & 0xff);
}

/**
 * Swaps the bytes of a word.
 * @kernel PORT: include/uapi/linux/swab.h __fswab32
 */
export function swab32(v: number): number {
	return ((v << 24) | ((v & 0xff00) << 8) | ((v >>> 8) & 0xff00) | (v >>> 24)) >>> 0;
}

/**
 * Stores a 32-bit number so that its bytes stand in network order.
 * @param dreg word index
 * @kernel PORT: assignment of a __be32 to a register
 */
export function nft_reg_store_be32(regs: nft_regs, dreg: number, val: number): void {
	regs.data[dreg] = swab32(val);
}

/**
 * Loads a 32-bit number whose bytes stand in network order.
 * @param sreg word index
 * @kernel PORT: a register read as a __be32
 */
export function nft_reg_load_be32(regs: nft_regs, sreg: number): number {
	return swab32(regs.data[sreg]);
}

/**
 * Stores a name the way strncpy() does: cut, or padded with zeros.
 * @param dreg index of the first word
 * @param len bytes
 * @kernel PORT: strncpy() into a register
 */
export function nft_reg_store_name(regs: nft_regs, dreg: number, name: string, len: number): void {
	const d = regs.data8;
	const at = dreg * NFT_REG32_SIZE;
	const n = Math.min(name.length, len);
	for (let i = 0; i < n; i++) d[at + i] = name.charCodeAt(i);
	for (let i = n; i < len; i++) d[at + i] = 0;
}

/**
 * Copies a value, or a verdict, into a register; the rest of the last word is zero.
 * @param dreg word index, NFT_REG_VERDICT for a verdict
 * @param len bytes
 * @kernel include/net/netfilter/nf_tables.h:145 (v5.10)
 */
export function nft_data_copy(regs: nft_regs, dreg: number, src: nft_data, len: number): void {
	if (dreg === NFT_REG_VERDICT) {
		regs.verdict.code = src.verdict.code;
		regs.verdict.chain = src.verdict.chain;
		return;
	}
	const words = len >> 2;
	const d = regs.data;
	for (let i = 0; i < words; i++) d[dreg + i] = src.data[i]!;
	const rest = len & 3;
	if (rest !== 0) d[dreg + words] = src.data[words] & (0xffffffff >>> (32 - 8 * rest));
}

/** What is being worked on: namespace, table, chain, attributes of the request. */
export class nft_ctx {
	net: net;
	table: nft_table | null = null;
	chain: nft_chain | null = null;
	nla: nlattrs;
	seq = U32_ZERO;
	/** NLM_F_* */
	flags = 0;
	/** NFPROTO_* */
	family: number;
	/** Depth of jumps during validation. */
	level = 0;

	constructor(net: net, family: number, nla: nlattrs = new Map()) {
		this.net = net;
		this.family = family;
		this.nla = nla;
	}
}

/**
 * Copies a context.
 * @kernel PORT: structure assignment
 */
export function nft_ctx_copy(ctx: nft_ctx): nft_ctx {
	const c = new nft_ctx(ctx.net, ctx.family, ctx.nla);
	c.table = ctx.table;
	c.chain = ctx.chain;
	c.seq = ctx.seq;
	c.flags = ctx.flags;
	c.level = ctx.level;
	return c;
}

/** Filled by nft_data_init(). */
export class nft_data_desc {
	/** NFT_DATA_VALUE or NFT_DATA_VERDICT */
	type = 0;
	/** bytes */
	len = 0;
}

/**
 * Kind of data that a register takes.
 * @param reg word index
 * @kernel include/net/netfilter/nf_tables.h:192 (v5.10)
 */
export function nft_dreg_to_type(reg: number): number {
	return reg === NFT_REG_VERDICT ? NFT_DATA_VERDICT : NFT_DATA_VALUE;
}

/**
 * First register that takes a kind of data.
 * @param type NFT_DATA_*
 * @kernel include/net/netfilter/nf_tables.h:197 (v5.10)
 */
export function nft_type_to_reg(type: number): number {
	return type === NFT_DATA_VERDICT
		? NFT_REG_VERDICT
		: (NFT_REG_1 * NFT_REG_SIZE) / NFT_REG32_SIZE;
}

/** An element on its way into, out of or through a set. */
export class nft_set_elem {
	key: nft_data;
	key_end: nft_data | null = null;
	data: nft_data | null = null;
	priv: nft_set_ext | null = null;

	constructor(key: nft_data) {
		this.key = key;
	}
}

/** A walk over a set. */
export interface nft_set_iter {
	genmask: number;
	count: number;
	skip: number;
	err: number;
	fn: (ctx: nft_ctx, set: nft_set, iter: nft_set_iter, elem: nft_set_elem) => number;
}

/** What a new set shall hold. */
export class nft_set_desc {
	klen = 0;
	dlen = 0;
	/** Elements, 0 when not known. */
	size = 0;
	/** Bytes of each concatenated field. */
	readonly field_len: number[] = [];
	field_count = 0;
	expr = false;
}

/* enum nft_set_class */
export const NFT_SET_CLASS_O_1 = 0;
export const NFT_SET_CLASS_O_LOG_N = 1;
export const NFT_SET_CLASS_O_N = 2;

/** What a set backend would cost. */
export class nft_set_estimate {
	size = 0;
	/** NFT_SET_CLASS_* */
	lookup = 0;
	/** NFT_SET_CLASS_* */
	space = 0;
}

/** Takes what C hands back through a pointer to a pointer. */
export interface nft_set_ext_ref {
	ext: nft_set_ext | null;
}

/** Makes a new element from registers, or null. */
export type nft_set_new_t = (set: nft_set, expr: nft_expr, regs: nft_regs) => nft_set_ext | null;

/**
 * A set backend. lookup, update and delete serve packets; the key stands in the registers from
 * word `sreg` on. PORT: they return the element instead of a flag and the element.
 */
export interface nft_set_ops {
	lookup: (net: net, set: nft_set, regs: nft_regs, sreg: number) => nft_set_ext | null;
	update:
		| ((
				set: nft_set,
				regs: nft_regs,
				sreg: number,
				create: nft_set_new_t,
				expr: nft_expr,
		  ) => nft_set_ext | null)
		| null;
	delete: ((set: nft_set, regs: nft_regs, sreg: number) => boolean) | null;

	/** 0, -EEXIST (ref.ext is the one that is there), -ENOTEMPTY (overlap) or another errno. */
	insert: (net: net, set: nft_set, elem: nft_set_elem, ref: nft_set_ext_ref) => number;
	activate: (net: net, set: nft_set, elem: nft_set_elem) => void;
	deactivate: (net: net, set: nft_set, elem: nft_set_elem) => nft_set_ext | null;
	flush: (net: net, set: nft_set, priv: nft_set_ext) => boolean;
	remove: (net: net, set: nft_set, elem: nft_set_elem) => void;
	walk: (ctx: nft_ctx, set: nft_set, iter: nft_set_iter) => void;
	/** The element or -errno. @param flags NFT_SET_ELEM_* */
	get: (net: net, set: nft_set, elem: nft_set_elem, flags: number) => nft_set_ext | number;

	/** PORT: instead of privsize: makes the private part. */
	priv: (set: nft_set) => object;
	estimate: (desc: nft_set_desc, features: number, est: nft_set_estimate) => boolean;
	init: (set: nft_set, desc: nft_set_desc, nla: nlattrs) => number;
	destroy: (set: nft_set) => void;
	gc_init: ((set: nft_set) => void) | null;
}

/** A set backend and what it is able to do. */
export interface nft_set_type {
	readonly ops: nft_set_ops;
	/** NFT_SET_* */
	readonly features: number;
}

/** A set or map. */
export class nft_set {
	bindings: nft_set_binding[] = [];
	table: nft_table;
	net: net;
	name = '';
	handle = 0;
	ktype = 0;
	dtype = 0;
	objtype = 0;
	/** Greatest number of elements, 0 for any. */
	size = 0;
	field_len: readonly number[] = [];
	field_count = 0;
	/** Rules that refer to it. */
	use = 0;
	nelems = 0;
	ndeact = 0;
	/** jiffies */
	timeout = U32_ZERO;
	/** ms */
	gc_int = 0;
	policy = 0;
	udata: Uint8Array | null = null;
	expr: nft_expr | null = null;
	readonly ops: nft_set_ops;
	flags = 0;
	genmask = 0;
	klen = 0;
	dlen = 0;
	/** Private part of the backend. */
	data: object | null = null;

	constructor(net: net, table: nft_table, ops: nft_set_ops) {
		this.net = net;
		this.table = table;
		this.ops = ops;
	}
}

/**
 * Tells whether a set lives and dies with the rule that uses it.
 * @kernel include/net/netfilter/nf_tables.h:462 (v5.10)
 */
export function nft_set_is_anonymous(set: nft_set): boolean {
	return (set.flags & NFT_SET_ANONYMOUS) !== 0;
}

/**
 * Private part of a set's backend.
 * @kernel include/net/netfilter/nf_tables.h:467 (v5.10)
 */
export function nft_set_priv<T>(set: nft_set): T {
	return set.data as T;
}

/**
 * Time between two collections of dead elements, jiffies.
 * @kernel include/net/netfilter/nf_tables.h:483 (v5.10)
 */
export function nft_set_gc_interval(set: nft_set): number {
	return set.gc_int !== 0 ? msecs_to_jiffies(set.gc_int) : HZ;
}

/** That a rule of a chain uses a set. */
export class nft_set_binding {
	chain: nft_chain | null = null;
	/** NFT_SET_MAP or NFT_SET_OBJECT */
	flags = 0;
}

/* enum nft_set_extensions */
export const NFT_SET_EXT_KEY = 0;
export const NFT_SET_EXT_KEY_END = 1;
export const NFT_SET_EXT_DATA = 2;
export const NFT_SET_EXT_FLAGS = 3;
export const NFT_SET_EXT_TIMEOUT = 4;
export const NFT_SET_EXT_EXPIRATION = 5;
export const NFT_SET_EXT_USERDATA = 6;
export const NFT_SET_EXT_EXPR = 7;
export const NFT_SET_EXT_OBJREF = 8;
export const NFT_SET_EXT_NUM = 9;

/** Which extensions an element gets. */
export class nft_set_ext_tmpl {
	/** Bit NFT_SET_EXT_* */
	exists = 0;
}

/**
 * A set element with its extensions; a field counts when the bit in `exists` is set.
 * `next` and `hash` belong to the backend.
 */
export class nft_set_ext {
	/** Bits of the generations in which it is inactive, and NFT_SET_ELEM_BUSY_MASK. */
	genmask = 0;
	exists: number;
	key: nft_data;
	key_end: nft_data | null = null;
	/** PORT: the extension itself, not bytes behind the element; so are key and flags. */
	data: nft_data | null = null;
	/** NFT_SET_ELEM_* */
	flags = 0;
	/** jiffies */
	timeout = U32_ZERO;
	/** jiffies, absolute */
	expiration = 0;
	userdata: Uint8Array | null = null;
	expr: nft_expr | null = null;
	obj: nft_object | null = null;
	next: nft_set_ext | null = null;
	hash = U32_ZERO;

	constructor(tmpl: nft_set_ext_tmpl, key: nft_data) {
		this.exists = tmpl.exists;
		this.key = key;
	}
}

/**
 * Empties a template.
 * @kernel include/net/netfilter/nf_tables.h:576 (v5.10)
 */
export function nft_set_ext_prepare(tmpl: nft_set_ext_tmpl): void {
	tmpl.exists = 0;
}

/**
 * Adds an extension to a template.
 * @param id NFT_SET_EXT_*
 * @kernel include/net/netfilter/nf_tables.h:591 (v5.10)
 */
export function nft_set_ext_add(tmpl: nft_set_ext_tmpl, id: number): void {
	tmpl.exists |= 1 << id;
}

/**
 * Tells whether an element has an extension.
 * @param id NFT_SET_EXT_*
 * @kernel include/net/netfilter/nf_tables.h:607 (v5.10)
 */
export function nft_set_ext_exists(ext: nft_set_ext, id: number): boolean {
	return (ext.exists & (1 << id)) !== 0;
}

/**
 * Tells whether an element's time is over.
 * @kernel include/net/netfilter/nf_tables.h:657 (v5.10)
 */
export function nft_set_elem_expired(m: Machine, ext: nft_set_ext): boolean {
	return nft_set_ext_exists(ext, NFT_SET_EXT_EXPIRATION) && ext.expiration <= m.jiffies;
}

/* flags of an expression type */
export const NFT_EXPR_STATEFUL = 0x1;
export const NFT_EXPR_GC = 0x2;

/** A kind of expression, as registered by nft_register_expr(). */
export interface nft_expr_type {
	/** Picks the operations from the attributes, or -errno. */
	readonly select_ops?: (ctx: nft_ctx, tb: nlattrs) => nft_expr_ops | number;
	/** Operations where there is nothing to pick. */
	readonly ops?: nft_expr_ops;
	readonly name: string;
	readonly policy?: nla_policy;
	readonly maxattr: number;
	/** NFPROTO_* when only for one family, else absent */
	readonly family?: number;
	/** NFT_EXPR_* */
	readonly flags?: number;
}

/* enum nft_trans_phase */
export const NFT_TRANS_PREPARE = 0;
export const NFT_TRANS_ABORT = 1;
export const NFT_TRANS_COMMIT = 2;
export const NFT_TRANS_RELEASE = 3;

/** What an expression does. */
export interface nft_expr_ops {
	readonly eval: (expr: nft_expr, regs: nft_regs, pkt: nft_pktinfo) => void;
	/** Copies the private part; absent: field by field. */
	readonly clone?: (dst: nft_expr, src: nft_expr) => number;
	/** Bytes that it takes in a rule, NFT_EXPR_SIZE() of its private part in C. */
	readonly size: number;
	/** PORT: makes the private part, zeroed. */
	readonly priv: () => object | null;
	readonly init?: (ctx: nft_ctx, expr: nft_expr, tb: nlattrs) => number;
	readonly activate?: (ctx: nft_ctx, expr: nft_expr) => void;
	/** @param phase NFT_TRANS_* */
	readonly deactivate?: (ctx: nft_ctx, expr: nft_expr, phase: number) => void;
	readonly destroy?: (ctx: nft_ctx, expr: nft_expr) => void;
	readonly destroy_clone?: (ctx: nft_ctx, expr: nft_expr) => void;
	/** Adds the parameters to the nested attributes. */
	readonly dump?: (tb: nlattrs, expr: nft_expr) => number;
	readonly validate?: (ctx: nft_ctx, expr: nft_expr) => number;
	readonly gc?: (net: net, expr: nft_expr) => boolean;
	readonly type: nft_expr_type;
}

export const NFT_EXPR_MAXATTR = 16;

/**
 * Bytes of an expression with a private part of `size` bytes.
 * @kernel PORT: macro of include/net/netfilter/nf_tables.h
 */
export function NFT_EXPR_SIZE(size: number): number {
	return 8 + ((size + 7) & ~7);
}

/** One expression of a rule or set element. */
export class nft_expr {
	ops: nft_expr_ops;
	/** PORT: ops->eval; of the many kinds of ops, each an object of its own shape, a rule reads this alone. */
	eval: nft_expr_ops['eval'];
	/** Private part. */
	data: object | null;

	constructor(ops: nft_expr_ops) {
		this.ops = ops;
		this.eval = ops.eval;
		this.data = ops.priv();
	}
}

/**
 * Private part of an expression.
 * @kernel include/net/netfilter/nf_tables.h:849 (v5.10)
 */
export function nft_expr_priv<T>(expr: nft_expr): T {
	return expr.data as T;
}

/** A rule. */
export class nft_rule {
	handle = 0;
	genmask = 0;
	/** Bytes of the expressions in C. */
	dlen = 0;
	/** PORT: the bytes themselves, in C a bit says that they follow. */
	udata: Uint8Array | null = null;
	readonly expr: nft_expr[] = [];
}

/**
 * Evaluates the expression that a set element carries.
 * @kernel include/net/netfilter/nf_tables.h:907 (v5.10)
 */
export function nft_set_elem_update_expr(ext: nft_set_ext, regs: nft_regs, pkt: nft_pktinfo): void {
	const expr = ext.expr;
	if (expr !== null) expr.ops.eval(expr, regs, pkt);
}

export const NFT_CHAIN_POLICY_UNSET = 255;

/** A chain. */
export class nft_chain {
	/** What packets run through, by generation; laid out when the rules change. */
	rules_gen_0: readonly nft_rule[] = [];
	rules_gen_1: readonly nft_rule[] = [];
	rules: nft_rule[] = [];
	table: nft_table;
	handle = 0;
	/** Rules in it and jumps to it. */
	use = 0;
	/** NFT_CHAIN_* */
	flags = 0;
	bound = false;
	genmask = 0;
	name = '';
	udata: Uint8Array | null = null;
	/** Only between the steps of a commit. */
	rules_next: nft_rule[] | null = null;

	constructor(table: nft_table) {
		this.table = table;
	}
}

/* enum nft_chain_types */
export const NFT_CHAIN_T_DEFAULT = 0;
export const NFT_CHAIN_T_ROUTE = 1;
export const NFT_CHAIN_T_NAT = 2;
export const NFT_CHAIN_T_MAX = 3;

/** A type of base chain in one family. */
export interface nft_chain_type {
	readonly name: string;
	/** NFT_CHAIN_T_* */
	readonly type: number;
	/** NFPROTO_* */
	readonly family: number;
	/** Bits of the hooks it may sit at. */
	readonly hook_mask: number;
	/** Indexed by hook number. */
	readonly hooks: Readonly<Record<number, nf_hookfn>>;
	readonly ops_register?: (net: net, ops: nf_hook_ops) => number;
	readonly ops_unregister?: (net: net, ops: nf_hook_ops) => void;
}

/**
 * Tells whether a chain belongs to the one rule that jumps to it.
 * @kernel include/net/netfilter/nf_tables.h:1000 (v5.10)
 */
export function nft_chain_is_bound(chain: nft_chain): boolean {
	return (chain.flags & NFT_CHAIN_BINDING) !== 0 && chain.bound;
}

/** Counters of a base chain's policy. */
export class nft_stats {
	bytes = 0;
	pkts = 0;
}

/** A hook on one device. PORT: struct nft_hook; nft_hook() is the number of a hook. */
export class nft_hook_dev {
	inactive = false;
	readonly ops: nf_hook_ops;

	constructor(ops: nf_hook_ops) {
		this.ops = ops;
	}
}

/** A chain that packets enter from a hook. */
export class nft_base_chain extends nft_chain {
	ops: nf_hook_ops;
	/** Hooks of the netdev family and of inet ingress, one a device. */
	hook_list: nft_hook_dev[] = [];
	type: nft_chain_type;
	/** NF_ACCEPT or NF_DROP */
	policy = 0;
	stats: nft_stats | null = null;

	constructor(table: nft_table, type: nft_chain_type, ops: nf_hook_ops) {
		super(table);
		this.type = type;
		this.ops = ops;
	}
}

/**
 * Tells whether a chain is a base chain.
 * @kernel include/net/netfilter/nf_tables.h:1048 (v5.10)
 */
export function nft_is_base_chain(chain: nft_chain): chain is nft_base_chain {
	return (chain.flags & NFT_CHAIN_BASE) !== 0;
}

/** A table. */
export class nft_table {
	/** Chains by name. PORT: a Map for the rhltable, the packet path does not use it. */
	readonly chains_ht = new Map<string, nft_chain[]>();
	readonly chains: nft_chain[] = [];
	readonly sets: nft_set[] = [];
	/** Objects by name. PORT: one Map a table for the global nft_objname_ht. */
	readonly objects_ht = new Map<string, nft_object[]>();
	readonly objects: nft_object[] = [];
	readonly flowtables: nft_flowtable[] = [];
	/** Last handle given out to something in the table. */
	hgenerator = 0;
	handle = 0;
	use = 0;
	family: number;
	/** NFT_TABLE_F_* */
	flags = 0;
	genmask = 0;
	readonly name: string;
	udata: Uint8Array | null = null;

	constructor(name: string, family: number) {
		this.name = name;
		this.family = family;
	}
}

/**
 * Tells whether base chains of a family and hook sit on devices.
 * @param family NFPROTO_*
 * @kernel include/net/netfilter/nf_tables.h:1092 (v5.10)
 */
export function nft_base_chain_netdev(family: number, hooknum: number): boolean {
	return (
		family === NFPROTO_NETDEV ||
		(family === NFPROTO_INET && hooknum === NF_INET_INGRESS)
	);
}

/** A stateful object. */
export class nft_object {
	name = '';
	table: nft_table;
	genmask = 0;
	use = 0;
	handle = 0;
	udata: Uint8Array | null = null;
	readonly ops: nft_object_ops;
	/** Private part. */
	data: object;

	constructor(table: nft_table, ops: nft_object_ops) {
		this.table = table;
		this.ops = ops;
		this.data = ops.priv();
	}
}

/**
 * Private part of an object.
 * @kernel include/net/netfilter/nf_tables.h:1145 (v5.10)
 */
export function nft_obj_data<T>(obj: nft_object): T {
	return obj.data as T;
}

/** A kind of stateful object, as registered by nft_register_obj(). */
export interface nft_object_type {
	readonly select_ops?: (ctx: nft_ctx, tb: nlattrs) => nft_object_ops | number;
	readonly ops?: nft_object_ops;
	/** NFT_OBJECT_* */
	readonly type: number;
	readonly maxattr: number;
	readonly policy?: nla_policy;
}

/** What a stateful object does. */
export interface nft_object_ops {
	readonly eval: (obj: nft_object, regs: nft_regs, pkt: nft_pktinfo) => void;
	readonly init: (ctx: nft_ctx, tb: nlattrs, obj: nft_object) => number;
	readonly destroy?: (ctx: nft_ctx, obj: nft_object) => void;
	/** @param reset start again from zero after dumping */
	readonly dump: (tb: nlattrs, obj: nft_object, reset: boolean) => number;
	readonly update?: (obj: nft_object, newobj: nft_object) => void;
	readonly type: nft_object_type;
	/** PORT: makes the private part, zeroed. */
	readonly priv: () => object;
}

export const NFT_NETDEVICE_MAX = 256;

/** A flowtable of a table; `data` is the flow table itself. */
export class nft_flowtable {
	table: nft_table;
	name: string;
	hooknum = 0;
	genmask = 0;
	use = 0;
	handle = 0;
	hook_list: nft_hook_dev[] = [];
	readonly data: nf_flowtable;

	constructor(table: nft_table, name: string, data: nf_flowtable) {
		this.table = table;
		this.name = name;
		this.data = data;
	}
}

/* generations: an object is inactive in the generations whose bits are set in its genmask */

/**
 * Number of the next generation, 0 or 1.
 * @kernel include/net/netfilter/nf_tables.h:1311 (v5.10)
 */
export function nft_gencursor_next(net: net): number {
	return net.nft.gencursor === 0 ? 1 : 0;
}

/**
 * Bit of the next generation.
 * @kernel include/net/netfilter/nf_tables.h:1316 (v5.10)
 */
export function nft_genmask_next(net: net): number {
	return 1 << nft_gencursor_next(net);
}

/**
 * Bit of the generation that packets see.
 * @kernel include/net/netfilter/nf_tables.h:1321 (v5.10)
 */
export function nft_genmask_cur(net: net): number {
	return 1 << net.nft.gencursor;
}

export const NFT_GENMASK_ANY = (1 << 0) | (1 << 1);

/** Anything that has generations. */
export interface nft_generations {
	genmask: number;
}

/**
 * Tells whether something is active now.
 * @kernel PORT: macro of include/net/netfilter/nf_tables.h
 */
export function nft_is_active(net: net, obj: nft_generations): boolean {
	return (obj.genmask & nft_genmask_cur(net)) === 0;
}

/**
 * Tells whether something is active in the next generation.
 * @kernel PORT: macro of include/net/netfilter/nf_tables.h
 */
export function nft_is_active_next(net: net, obj: nft_generations): boolean {
	return (obj.genmask & nft_genmask_next(net)) === 0;
}

/**
 * Makes something active from the next generation on.
 * @kernel PORT: macro of include/net/netfilter/nf_tables.h
 */
export function nft_activate_next(net: net, obj: nft_generations): void {
	obj.genmask = nft_genmask_cur(net);
}

/**
 * Makes something inactive from the next generation on.
 * @kernel PORT: macro of include/net/netfilter/nf_tables.h
 */
export function nft_deactivate_next(net: net, obj: nft_generations): void {
	obj.genmask = nft_genmask_next(net);
}

/**
 * Clears the stale bit after the generation has changed.
 * @kernel PORT: macro of include/net/netfilter/nf_tables.h
 */
export function nft_clear(net: net, obj: nft_generations): void {
	obj.genmask &= ~nft_genmask_next(net);
}

/**
 * Tells whether something is active in a generation.
 * @param genmask bit of the generation
 * @kernel PORT: macro of include/net/netfilter/nf_tables.h
 */
export function nft_active_genmask(obj: nft_generations, genmask: number): boolean {
	return (obj.genmask & genmask) === 0;
}

/**
 * Tells whether an element is active in a generation.
 * @param genmask bit of the generation
 * @kernel include/net/netfilter/nf_tables.h:1359 (v5.10)
 */
export function nft_set_elem_active(ext: nft_set_ext, genmask: number): boolean {
	return (ext.genmask & genmask) === 0;
}

/**
 * Turns an element on or off in the next generation.
 * @kernel include/net/netfilter/nf_tables.h:1365 (v5.10)
 */
export function nft_set_elem_change_active(net: net, ext: nft_set_ext): void {
	ext.genmask ^= nft_genmask_next(net);
}

export const NFT_SET_ELEM_BUSY_MASK = 1 << 2;

/**
 * Claims an element for a request or the collector.
 * @returns true when it was claimed already
 * @kernel include/net/netfilter/nf_tables.h:1394 (v5.10)
 */
export function nft_set_elem_mark_busy(ext: nft_set_ext): boolean {
	if ((ext.genmask & NFT_SET_ELEM_BUSY_MASK) !== 0) return true;
	ext.genmask |= NFT_SET_ELEM_BUSY_MASK;
	return false;
}

/**
 * Gives an element free again.
 * @kernel include/net/netfilter/nf_tables.h:1402 (v5.10)
 */
export function nft_set_elem_clear_busy(ext: nft_set_ext): void {
	ext.genmask &= ~NFT_SET_ELEM_BUSY_MASK;
}

/**
 * One step of a transaction, kept until commit or abort.
 * PORT: the union of nft_trans_rule, _set, _chain, _table, _elem, _obj and _flowtable as one record;
 * msg_type tells which fields count.
 */
export class nft_trans {
	/** NFT_MSG_* */
	msg_type: number;
	ctx: nft_ctx;
	/* rule */
	rule: nft_rule | null = null;
	rule_id = 0;
	/* set, element */
	set: nft_set | null = null;
	set_id = 0;
	bound = false;
	elem: nft_set_elem | null = null;
	/* chain, table, object, flowtable */
	update = false;
	chain_name: string | null = null;
	stats: nft_stats | null = null;
	policy = 0;
	chain_id = 0;
	enable = false;
	obj: nft_object | null = null;
	newobj: nft_object | null = null;
	flowtable: nft_flowtable | null = null;
	hook_list: nft_hook_dev[] = [];

	constructor(ctx: nft_ctx, msg_type: number) {
		this.msg_type = msg_type;
		this.ctx = nft_ctx_copy(ctx);
	}
}

/**
 * Compares register contents with a value, byte by byte.
 * @param sreg word index
 * @param len bytes
 * @returns below, equal to or above 0 as memcmp()
 * @kernel PORT: memcmp() of registers and struct nft_data
 */
export function nft_reg_cmp(regs: nft_regs, sreg: number, data: nft_data, len: number): number {
	const words = len >> 2;
	const r = regs.data;
	const d = data.data;
	let i = 0;
	while (i < words && r[sreg + i] === d[i]) i++;
	const r8 = regs.data8;
	const at = sreg * NFT_REG32_SIZE;
	for (i *= NFT_REG32_SIZE; i < len; i++) {
		const diff = r8[at + i] - data.data8[i];
		if (diff !== 0) return diff;
	}
	return 0;
}

/**
 * Compares two values, byte by byte.
 * @param len bytes
 * @returns below, equal to or above 0 as memcmp()
 * @kernel PORT: memcmp() of two struct nft_data
 */
export function nft_data_cmp(a: nft_data, b: nft_data, len: number): number {
	for (let i = 0; i < len; i++) {
		const diff = a.data8[i] - b.data8[i];
		if (diff !== 0) return diff;
	}
	return 0;
}
