// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/fib_trie.c, base v5.10: a routing table as a trie over prefixes, longest match first, then type of service and
 * priority.
 *
 * PORT: every inner node decides by one bit (a path-compressed binary trie), so it always has both children and nothing is
 * resized: inflate, halve, resize and the children counters are absent, lookups walk at most 32 nodes. Suffix lengths, leaves
 * and the order of the aliases on a leaf are C's.
 * Not ported: notifiers for hardware, statistics, /proc/net/fib_trie, fib_triestat and route (no tool reads them).
 */
import { type Machine, machine_var } from '../../include/linux/machine.ts';
import { htonl, ntohl } from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { ip_ignore_linkdown } from '../../include/linux/inetdevice.ts';
import type { net_device } from '../../include/linux/netdevice.ts';
import { type netlink_ext_ack, NL_SET_ERR_MSG } from '../../include/linux/netlink.ts';
import type { u32, u8 } from '../../include/linux/types.ts';
import { FIB_LOOKUP_IGNORE_LINKSTATE, FIB_LOOKUP_NOREF } from '../../include/net/fib_rules.ts';
import { FLOWI_FLAG_SKIP_NH_OIF, type flowi4 } from '../../include/net/flow.ts';
import {
	FA_S_ACCESSED,
	fa_head,
	fib_alias,
	type fib_config,
	type fib_dump_filter,
	type fib_info,
	fib_info_hold,
	type fib_nh_common,
	type fib_result,
	fib_rt_info,
	fib_table,
	nhc_l3mdev_matches_dev,
} from '../../include/net/ip_fib.ts';
import type { net } from '../../include/net/net_namespace.ts';
import {
	NLM_F_APPEND,
	NLM_F_CREATE,
	NLM_F_DUMP_FILTERED,
	NLM_F_EXCL,
	NLM_F_MULTI,
	NLM_F_REPLACE,
	type nlmsg,
} from '../../include/net/netlink.ts';
import { EAGAIN, EEXIST, EINVAL, ENOENT, ESRCH } from '../../include/uapi/linux/errno.ts';
import {
	RT_SCOPE_NOWHERE,
	RT_TABLE_LOCAL,
	RTM_DELROUTE,
	RTM_NEWROUTE,
	RTNH_F_DEAD,
	RTNH_F_LINKDOWN,
} from '../../include/uapi/linux/rtnetlink.ts';
import {
	fib_alias_accessed,
	fib_create_info,
	fib_dump_info,
	fib_info_nhc,
	fib_info_num_path,
	fib_metrics_match,
	fib_nh_match,
	fib_props,
	fib_release_info,
	rtmsg_fib,
} from './fib_semantics.ts';

const KEYLENGTH = 32;

/** A node: the trie's root (pos 32), an inner node (bits 1), or a leaf (bits 0). */
class key_vector {
	/** Bits above pos + bits. PORT: signed, which fits a field; only its bits are looked at. */
	key: number;
	/** Bit that an inner node decides by; 0 in a leaf. */
	pos: number;
	bits: number;
	/** Longest suffix (32 - prefix length) in here, but no less than pos. */
	slen: number;
	parent: key_vector | null = null;
	c0: key_vector | null = null;
	c1: key_vector | null = null;
	/** Aliases of a leaf. */
	readonly leaf: fa_head = new fa_head();

	constructor(key: u32, pos: number, bits: number, slen: number) {
		this.key = key | 0;
		this.pos = pos;
		this.bits = bits;
		this.slen = slen;
	}
}

/** A trie; main and local share one until a rule comes between them. */
class trie {
	readonly kv = new key_vector(0, KEYLENGTH, 0, KEYLENGTH);
	/** Second answer of fib_find_node(): the node that the key would hang on. */
	tp: key_vector = this.kv;
}

/** Tables that have a trie of their own (tb_data == __data in C). */
const trie_owners = machine_var(() => new WeakMap<trie, fib_table>());

/**
 * Is a node the root?
 * @kernel net/ipv4/fib_trie.c:115 (v5.10)
 */
function IS_TRIE(n: key_vector): boolean {
	return n.pos >= KEYLENGTH;
}

/**
 * Is a node a leaf?
 * @kernel net/ipv4/fib_trie.c:117 (v5.10)
 */
function IS_LEAF(n: key_vector): boolean {
	return n.bits === 0;
}

/**
 * A child.
 * @param i 0 or 1
 * @kernel net/ipv4/fib_trie.c:194 (v5.10)
 */
function get_child(tn: key_vector, i: number): key_vector | null {
	return i === 0 ? tn.c0 : tn.c1;
}

/**
 * Which child a key takes.
 * @kernel net/ipv4/fib_trie.c:219 (v5.10)
 */
function get_index(key: u32, kv: key_vector): number {
	return IS_TRIE(kv) ? 0 : (key ^ kv.key) >>> kv.pos;
}

/**
 * Makes a leaf with one alias.
 * @kernel net/ipv4/fib_trie.c:352 (v5.10)
 */
function leaf_new(key: u32, fa: fib_alias): key_vector {
	const l = new key_vector(key, 0, 0, fa.fa_slen);
	l.leaf.first = fa;
	return l;
}

/**
 * Makes an inner node.
 * @param key of anything below it
 * @param pos bit that it decides by
 * @kernel net/ipv4/fib_trie.c:375 (v5.10)
 */
function tnode_new(key: u32, pos: number): key_vector {
	const shift = pos + 1;
	return new key_vector(shift < 32 ? (key >>> shift) << shift : 0, pos, 1, pos);
}

/**
 * Sets a child.
 * @param i 0 or 1
 * @kernel net/ipv4/fib_trie.c:416 (v5.10)
 */
function put_child(tn: key_vector, i: number, n: key_vector | null): void {
	if (i === 0) tn.c0 = n;
	else tn.c1 = n;
	if (n !== null) {
		n.parent = tn;
		if (tn.slen < n.slen) tn.slen = n.slen;
	}
}

/**
 * Computes the suffix length of an inner node again.
 * @kernel net/ipv4/fib_trie.c:707 (v5.10)
 */
function update_suffix(tn: key_vector): number {
	let slen = tn.pos;
	if (tn.c0 !== null && tn.c0.slen > slen) slen = tn.c0.slen;
	if (tn.c1 !== null && tn.c1.slen > slen) slen = tn.c1.slen;
	tn.slen = slen;
	return slen;
}

/**
 * Suffixes below a node became shorter: the nodes above follow.
 * @kernel net/ipv4/fib_trie.c:911 (v5.10)
 */
function node_pull_suffix(tn: key_vector): void {
	for (let n: key_vector | null = tn; n !== null && !IS_TRIE(n); n = n.parent) {
		const was = n.slen;
		if (update_suffix(n) === was) break;
	}
}

/**
 * A suffix below a node became longer: the nodes above follow.
 * @kernel net/ipv4/fib_trie.c:925 (v5.10)
 */
function node_push_suffix(tn: key_vector, slen: number): void {
	for (let n: key_vector | null = tn; n !== null && n.slen < slen; n = n.parent) n.slen = slen;
}

/**
 * Finds the leaf of a key.
 * @returns the leaf or null; t.tp is the node above it, or where it would hang
 * @kernel net/ipv4/fib_trie.c:934 (v5.10)
 */
function fib_find_node(t: trie, key: u32): key_vector | null {
	let pn = t.kv;
	let n = pn.c0;
	while (n !== null) {
		const index = (key ^ n.key) >>> n.pos;
		if (index >= 1 << n.bits) {
			n = null;
			break;
		}
		if (IS_LEAF(n)) break;
		pn = n;
		n = get_child(n, index);
	}
	t.tp = pn;
	return n;
}

/**
 * First alias with a type of service and a priority no less than asked for.
 * @param find_first whatever its type of service and priority
 * @kernel net/ipv4/fib_trie.c:981 (v5.10)
 */
function fib_find_alias(
	fah: fa_head,
	slen: u8,
	tos: u8,
	prio: u32,
	tb_id: u32,
	find_first: boolean,
): fib_alias | null {
	for (let fa = fah.first; fa !== null; fa = fa.fa_next) {
		if (fa.fa_slen < slen) continue;
		if (fa.fa_slen !== slen) break;
		if (fa.tb_id > tb_id) continue;
		if (fa.tb_id !== tb_id) break;
		if (find_first) return fa;
		if (fa.fa_tos > tos) continue;
		if (fa.fa_info.fib_priority >= prio || fa.fa_tos < tos) return fa;
	}
	return null;
}

/**
 * Hangs a new leaf into the trie.
 * @param tp node above it
 * @kernel net/ipv4/fib_trie.c:1062 (v5.10)
 */
function fib_insert_node(tp: key_vector, new_: fib_alias, key: u32): void {
	const l = leaf_new(key, new_);
	const n = get_child(tp, get_index(key, tp));
	if (n !== null) {
		const tn = tnode_new(key, 31 - Math.clz32(key ^ n.key));
		put_child(tn, get_index(key, tn) ^ 1, n);
		put_child(tp, get_index(key, tp), tn);
		tp = tn;
	}
	node_push_suffix(tp, new_.fa_slen);
	put_child(tp, get_index(key, tp), l);
}

/**
 * Puts an alias on its leaf, which is made when there is none.
 * @param tp node above the leaf
 * @param fa put it before this one, null: behind those of its suffix length
 * @kernel net/ipv4/fib_trie.c:1112 (v5.10)
 */
function fib_insert_alias(
	tp: key_vector,
	l: key_vector | null,
	new_: fib_alias,
	fa: fib_alias | null,
	key: u32,
): void {
	if (l === null) {
		fib_insert_node(tp, new_, key);
		return;
	}
	let after: fib_alias | null = null;
	if (fa !== null) {
		for (let i = l.leaf.first; i !== null && i !== fa; i = i.fa_next) after = i;
	} else {
		for (let last = l.leaf.first; last !== null; last = last.fa_next) {
			if (new_.fa_slen < last.fa_slen) break;
			if (new_.fa_slen === last.fa_slen && new_.tb_id > last.tb_id) break;
			after = last;
		}
	}
	if (after === null) {
		new_.fa_next = l.leaf.first;
		l.leaf.first = new_;
	} else {
		new_.fa_next = after.fa_next;
		after.fa_next = new_;
	}
	if (l.slen < new_.fa_slen) {
		l.slen = new_.fa_slen;
		node_push_suffix(tp, new_.fa_slen);
	}
}

/**
 * Checks that a prefix has no bits behind its length.
 * @kernel net/ipv4/fib_trie.c:1148 (v5.10)
 */
function fib_valid_key_len(key: u32, plen: u8, extack: netlink_ext_ack | null): boolean {
	if (plen > KEYLENGTH) {
		NL_SET_ERR_MSG(extack, 'Invalid prefix length');
		return false;
	}
	if (plen < KEYLENGTH && key << plen !== 0) {
		NL_SET_ERR_MSG(extack, 'Invalid prefix for given prefix length');
		return false;
	}
	return true;
}

/**
 * Makes cached routes of a namespace stale.
 * @kernel PORT: include/net/net_namespace.h rt_genid_bump_ipv4, which is all that rt_cache_flush() does
 */
function rt_cache_flush(net: net): void {
	net.ipv4.rt_genid++;
}

/**
 * Adds, replaces or appends a route.
 * @returns 0, -EINVAL, -EEXIST, -ENOENT without NLM_F_CREATE, or what fib_create_info() says
 * @kernel net/ipv4/fib_trie.c:1168 (v5.10)
 */
export function fib_table_insert(
	net: net,
	tb: fib_table,
	cfg: fib_config,
	extack: netlink_ext_ack | null,
): number {
	const t = tb.tb_data as trie;
	const plen = cfg.fc_dst_len;
	const slen = KEYLENGTH - plen;
	const tos = cfg.fc_tos;
	const key = ntohl(cfg.fc_dst);
	let nlflags = NLM_F_EXCL;
	if (!fib_valid_key_len(key, plen, extack)) return -EINVAL;

	const made = fib_create_info(cfg, extack);
	if (IS_ERR(made)) return made;
	const fi = made;
	let err: number;

	out: {
		const l = fib_find_node(t, key);
		const tp = t.tp;
		let fa =
			l !== null ? fib_find_alias(l.leaf, slen, tos, fi.fib_priority, tb.tb_id, false) : null;

		if (
			l !== null &&
			fa !== null &&
			fa.fa_tos === tos &&
			fa.fa_info.fib_priority === fi.fib_priority
		) {
			err = -EEXIST;
			if ((cfg.fc_nlflags & NLM_F_EXCL) !== 0) break out;
			nlflags &= ~NLM_F_EXCL;

			let fa_match: fib_alias | null = null;
			const fa_first: fib_alias = fa;
			for (; fa !== null; fa = fa.fa_next) {
				if (fa.fa_slen !== slen || fa.tb_id !== tb.tb_id || fa.fa_tos !== tos) break;
				if (fa.fa_info.fib_priority !== fi.fib_priority) break;
				if (fa.fa_type === cfg.fc_type && fa.fa_info === fi) {
					fa_match = fa;
					break;
				}
			}

			if ((cfg.fc_nlflags & NLM_F_REPLACE) !== 0) {
				nlflags |= NLM_F_REPLACE;
				if (fa_match !== null) {
					if (fa_first === fa_match) err = 0;
					break out;
				}
				const fi_drop = fa_first.fa_info;
				const state = fa_first.fa_state;
				const new_fa = new fib_alias(fi);
				new_fa.fa_tos = fa_first.fa_tos;
				new_fa.fa_type = cfg.fc_type;
				new_fa.fa_state = state & ~FA_S_ACCESSED;
				new_fa.fa_slen = fa_first.fa_slen;
				new_fa.tb_id = tb.tb_id;
				new_fa.fa_next = fa_first.fa_next;
				if (l.leaf.first === fa_first) {
					l.leaf.first = new_fa;
				} else {
					let p = l.leaf.first;
					while (p !== null && p.fa_next !== fa_first) p = p.fa_next;
					p!.fa_next = new_fa;
				}
				rtmsg_fib(RTM_NEWROUTE, htonl(key), new_fa, plen, tb.tb_id, net, nlflags);
				fib_release_info(fi_drop);
				if ((state & FA_S_ACCESSED) !== 0) rt_cache_flush(net);
				return 0;
			}
			if (fa_match !== null) break out;
			if ((cfg.fc_nlflags & NLM_F_APPEND) !== 0) nlflags |= NLM_F_APPEND;
			else fa = fa_first;
		}
		err = -ENOENT;
		if ((cfg.fc_nlflags & NLM_F_CREATE) === 0) break out;
		nlflags |= NLM_F_CREATE;

		const new_fa = new fib_alias(fi);
		new_fa.fa_tos = tos;
		new_fa.fa_type = cfg.fc_type;
		new_fa.fa_slen = slen;
		new_fa.tb_id = tb.tb_id;
		fib_insert_alias(tp, l, new_fa, fa, key);
		if (plen === 0) tb.tb_num_default++;
		rt_cache_flush(net);
		rtmsg_fib(RTM_NEWROUTE, htonl(key), new_fa, plen, new_fa.tb_id, net, nlflags);
		return 0;
	}
	fib_release_info(fi);
	return err;
}

/**
 * Bits in which a key differs from a node's prefix, at or above the prefix's lowest set bit.
 * @kernel net/ipv4/fib_trie.c:1367 (v5.10)
 */
function prefix_mismatch(key: u32, n: key_vector): number {
	const prefix = n.key;
	return (key ^ prefix) & (prefix | -prefix);
}

/**
 * May a lookup take this next hop?
 * @param fib_flags FIB_LOOKUP_*
 * @kernel net/ipv4/fib_trie.c:1374 (v5.10)
 */
export function fib_lookup_good_nhc(
	nhc: fib_nh_common,
	fib_flags: number,
	flp: flowi4,
): boolean {
	if ((nhc.nhc_flags & RTNH_F_DEAD) !== 0) return false;
	if (
		(nhc.nhc_flags & RTNH_F_LINKDOWN) !== 0 &&
		(fib_flags & FIB_LOOKUP_IGNORE_LINKSTATE) === 0 &&
		ip_ignore_linkdown(nhc.nhc_dev!)
	)
		return false;
	if ((flp.flowi_flags & FLOWI_FLAG_SKIP_NH_OIF) === 0) {
		if (flp.flowi_oif !== 0 && flp.flowi_oif !== nhc.nhc_oif) return false;
	}
	return true;
}

/** Answer of fib_leaf_lookup(): no alias fits. */
const LEAF_MISS = 1;

/**
 * Takes the first alias of a leaf that fits the flow.
 * @returns 0, the errno of the route's type, or LEAF_MISS
 * @kernel PORT: step 3 of fib_table_lookup
 */
function fib_leaf_lookup(
	tb: fib_table,
	n: key_vector,
	key: u32,
	flp: flowi4,
	res: fib_result,
	fib_flags: number,
): number {
	const index = (key ^ n.key) >>> 0;
	for (let fa = n.leaf.first; fa !== null; fa = fa.fa_next) {
		const fi = fa.fa_info;
		if (fa.fa_slen < KEYLENGTH && index >>> fa.fa_slen !== 0) continue;
		if (fa.fa_tos !== 0 && fa.fa_tos !== flp.flowi_tos) continue;
		if (fi.fib_dead !== 0) continue;
		if (fi.fib_scope < flp.flowi_scope) continue;
		fib_alias_accessed(fa);
		const err = fib_props[fa.fa_type].error;
		if (err < 0) return err;
		if ((fi.fib_flags & RTNH_F_DEAD) !== 0) continue;
		for (let nhsel = 0; nhsel < fib_info_num_path(fi); nhsel++) {
			const nhc = fib_info_nhc(fi, nhsel);
			if (!fib_lookup_good_nhc(nhc, fib_flags, flp)) continue;
			if ((fib_flags & FIB_LOOKUP_NOREF) === 0) fib_info_hold(fi);
			res.prefix = n.key;
			res.prefixlen = KEYLENGTH - fa.fa_slen;
			res.nh_sel = nhsel;
			res.nhc = nhc;
			res.type = fa.fa_type;
			res.scope = fi.fib_scope;
			res.fi = fi;
			res.table = tb;
			res.fa_head = n.leaf;
			return err;
		}
	}
	return LEAF_MISS;
}

/**
 * Looks a flow's destination up: the longest prefix with an alias that fits.
 * @param res takes the answer
 * @param fib_flags FIB_LOOKUP_*
 * @returns 0, -EAGAIN when nothing fits, or the errno that the route's type says
 * @kernel net/ipv4/fib_trie.c:1395 (v5.10)
 */
export function fib_table_lookup(
	tb: fib_table,
	flp: flowi4,
	res: fib_result,
	fib_flags: number,
): number {
	const t = tb.tb_data as trie;
	const key = ntohl(flp.daddr) | 0;
	let pn = t.kv;
	let cindex = 0;
	let n = pn.c0;
	if (n === null) return -EAGAIN;

	/* Step 1: down to the longest match of node keys. */
	let exact = false;
	for (;;) {
		const index: number = (key ^ n.key) >>> n.pos;
		if (index >= 1 << n.bits) break;
		if (IS_LEAF(n)) {
			exact = true;
			break;
		}
		if (n.slen > n.pos) {
			pn = n;
			cindex = index;
		}
		n = get_child(n, index)!;
	}

	/* Step 2: the leaf, or back up, one bit of the key after the other taken for 0. */
	for (;;) {
		if (exact || (prefix_mismatch(key, n) === 0 && n.slen !== n.pos)) {
			if (exact || IS_LEAF(n)) {
				exact = false;
				const err = fib_leaf_lookup(tb, n, key, flp, res, fib_flags);
				if (err !== LEAF_MISS) return err;
			} else {
				n = n.c0!;
				continue;
			}
		}
		/* backtrace */
		while (cindex === 0) {
			if (IS_TRIE(pn)) return -EAGAIN;
			const pkey = pn.key;
			pn = pn.parent!;
			cindex = get_index(pkey, pn);
		}
		cindex = 0;
		n = pn.c0!;
	}
}

/**
 * Takes an alias off its leaf, and the leaf out of the trie when it was the last.
 * @param tp node above the leaf
 * @kernel net/ipv4/fib_trie.c:1599 (v5.10)
 */
function fib_remove_alias(tp: key_vector, l: key_vector, old: fib_alias): void {
	if (l.leaf.first === old) {
		l.leaf.first = old.fa_next;
	} else {
		let p = l.leaf.first;
		while (p !== null && p.fa_next !== old) p = p.fa_next;
		p!.fa_next = old.fa_next;
	}
	if (l.leaf.first === null) {
		leaf_free(tp, l);
		return;
	}
	let slen = 0;
	for (let fa: fib_alias | null = l.leaf.first; fa !== null; fa = fa.fa_next) slen = fa.fa_slen;
	l.slen = slen;
	node_pull_suffix(tp);
}

/**
 * Takes a leaf out of the trie; an inner node that has only one child left goes too.
 * @param tp node above the leaf
 * @kernel PORT: put_child_root and trie_rebalance of fib_remove_alias
 */
function leaf_free(tp: key_vector, l: key_vector): void {
	if (IS_TRIE(tp)) {
		tp.c0 = null;
		return;
	}
	const other = get_child(tp, get_index(l.key, tp) ^ 1);
	const pp = tp.parent!;
	if (IS_TRIE(pp)) pp.c0 = other;
	else if (pp.c0 === tp) pp.c0 = other;
	else pp.c1 = other;
	if (other !== null) other.parent = pp;
	node_pull_suffix(pp);
}

/**
 * Removes a route.
 * @returns 0, -EINVAL, -ESRCH when there is no such route
 * @kernel net/ipv4/fib_trie.c:1661 (v5.10)
 */
export function fib_table_delete(
	net: net,
	tb: fib_table,
	cfg: fib_config,
	extack: netlink_ext_ack | null,
): number {
	const t = tb.tb_data as trie;
	const plen = cfg.fc_dst_len;
	const slen = KEYLENGTH - plen;
	const tos = cfg.fc_tos;
	const key = ntohl(cfg.fc_dst);
	if (!fib_valid_key_len(key, plen, extack)) return -EINVAL;
	const l = fib_find_node(t, key);
	const tp = t.tp;
	if (l === null) return -ESRCH;
	let fa_to_delete: fib_alias | null = null;
	for (
		let fa = fib_find_alias(l.leaf, slen, tos, 0, tb.tb_id, false);
		fa !== null;
		fa = fa.fa_next
	) {
		const fi = fa.fa_info;
		if (fa.fa_slen !== slen || fa.tb_id !== tb.tb_id || fa.fa_tos !== tos) break;
		if (
			(cfg.fc_type === 0 || fa.fa_type === cfg.fc_type) &&
			(cfg.fc_scope === RT_SCOPE_NOWHERE || fi.fib_scope === cfg.fc_scope) &&
			(cfg.fc_prefsrc === 0 || fi.fib_prefsrc === cfg.fc_prefsrc) &&
			(cfg.fc_protocol === 0 || fi.fib_protocol === cfg.fc_protocol) &&
			fib_nh_match(cfg, fi, extack) === 0 &&
			fib_metrics_match(cfg, fi)
		) {
			fa_to_delete = fa;
			break;
		}
	}
	if (fa_to_delete === null) return -ESRCH;
	rtmsg_fib(RTM_DELROUTE, htonl(key), fa_to_delete, plen, tb.tb_id, net, 0);
	if (plen === 0) tb.tb_num_default--;
	fib_remove_alias(tp, l, fa_to_delete);
	if ((fa_to_delete.fa_state & FA_S_ACCESSED) !== 0) rt_cache_flush(net);
	fib_release_info(fa_to_delete.fa_info);
	return 0;
}

/**
 * Gathers the leaves below a node in ascending order of keys.
 * @kernel PORT: leaf_walk_rcu as a list
 */
function leaf_walk(n: key_vector | null, out: key_vector[]): void {
	if (n === null) return;
	if (IS_LEAF(n)) {
		out.push(n);
		return;
	}
	leaf_walk(n.c0, out);
	leaf_walk(n.c1, out);
}

/**
 * All leaves of a trie in ascending order of keys.
 * @kernel PORT: leaf_walk_rcu as a list
 */
function leaves(t: trie): key_vector[] {
	const out: key_vector[] = [];
	leaf_walk(t.kv.c0, out);
	return out;
}

/**
 * Gives the local table a trie of its own.
 * @param oldtb the local table, which may share the main table's trie
 * @returns oldtb when it had one, else a new table
 * @kernel net/ipv4/fib_trie.c:1846 (v5.10)
 */
export function fib_trie_unmerge(m: Machine, oldtb: fib_table): fib_table {
	const ot = oldtb.tb_data as trie;
	if (trie_owners.of(m).get(ot) === oldtb) return oldtb;
	const local_tb = fib_trie_table(m, RT_TABLE_LOCAL, null);
	const lt = local_tb.tb_data as trie;
	for (const l of leaves(ot)) {
		for (let fa = l.leaf.first; fa !== null; fa = fa.fa_next) {
			if (local_tb.tb_id !== fa.tb_id) continue;
			const new_fa = new fib_alias(fa.fa_info);
			new_fa.fa_tos = fa.fa_tos;
			new_fa.fa_type = fa.fa_type;
			new_fa.fa_state = fa.fa_state;
			new_fa.fa_slen = fa.fa_slen;
			new_fa.tb_id = fa.tb_id;
			new_fa.fa_default = fa.fa_default;
			const local_l = fib_find_node(lt, l.key);
			fib_insert_alias(lt.tp, local_l, new_fa, null, l.key);
		}
	}
	return local_tb;
}

/**
 * Removes the routes of other tables from a trie, once they have their own.
 * @kernel net/ipv4/fib_trie.c:1905 (v5.10)
 */
export function fib_table_flush_external(tb: fib_table): void {
	const t = tb.tb_data as trie;
	for (const l of leaves(t)) {
		for (let fa = l.leaf.first; fa !== null; ) {
			const next: fib_alias | null = fa.fa_next;
			if (tb.tb_id !== fa.tb_id) fib_remove_alias(l.parent!, l, fa);
			fa = next;
		}
	}
}

/**
 * Removes the routes that died.
 * @param flush_all those that refuse (unreachable and the like) too: the namespace goes
 * @returns how many went
 * @kernel net/ipv4/fib_trie.c:1974 (v5.10)
 */
export function fib_table_flush(_net: net, tb: fib_table, flush_all: boolean): number {
	const t = tb.tb_data as trie;
	let found = 0;
	for (const l of leaves(t)) {
		for (let fa = l.leaf.first; fa !== null; ) {
			const next: fib_alias | null = fa.fa_next;
			const fi: fib_info = fa.fa_info;
			const error = fib_props[fa.fa_type].error !== 0;
			if (
				tb.tb_id === fa.tb_id &&
				((fi.fib_flags & RTNH_F_DEAD) !== 0 || (error && flush_all)) &&
				(flush_all || !error)
			) {
				fib_remove_alias(l.parent!, l, fa);
				fib_release_info(fi);
				found++;
			}
			fa = next;
		}
	}
	return found;
}

/**
 * Gives up a table. PORT: nothing is left to free.
 * @kernel net/ipv4/fib_trie.c:2215 (v5.10)
 */
export function fib_free_table(tb: fib_table): void {
	tb.tb_num_default = 0;
}

/**
 * Does a route use a device?
 * @kernel net/ipv4/fib_frontend.c:308 (v5.10)
 */
export function fib_info_nh_uses_dev(fi: fib_info, dev: net_device): boolean {
	for (let ret = 0; ret < fib_info_num_path(fi); ret++)
		if (nhc_l3mdev_matches_dev(fib_info_nhc(fi, ret), dev)) return true;
	return false;
}

/** Dumps the exceptions of a route; given by net/ipv4/route.ts. */
export type dump_fnhe_t = (
	net: net,
	tb_id: u32,
	fi: fib_info,
	flags: number,
	out: nlmsg[],
) => void;

/**
 * Dumps the routes of a leaf.
 * @kernel net/ipv4/fib_trie.c:2220 (v5.10)
 */
function fn_trie_dump_leaf(
	net: net,
	l: key_vector,
	tb: fib_table,
	out: nlmsg[],
	filter: fib_dump_filter,
	dump_fnhe: dump_fnhe_t,
): void {
	let flags = NLM_F_MULTI;
	if (filter.filter_set || !filter.dump_exceptions || !filter.dump_routes)
		flags |= NLM_F_DUMP_FILTERED;
	for (let fa = l.leaf.first; fa !== null; fa = fa.fa_next) {
		const fi = fa.fa_info;
		if (tb.tb_id !== fa.tb_id) continue;
		if (filter.filter_set) {
			if (filter.rt_type !== 0 && fa.fa_type !== filter.rt_type) continue;
			if (filter.protocol !== 0 && fi.fib_protocol !== filter.protocol) continue;
			if (filter.dev !== null && !fib_info_nh_uses_dev(fi, filter.dev)) continue;
		}
		if (filter.dump_routes) {
			const fri = new fib_rt_info(fi);
			fri.tb_id = tb.tb_id;
			fri.dst = htonl(l.key);
			fri.dst_len = KEYLENGTH - fa.fa_slen;
			fri.tos = fa.fa_tos;
			fri.type = fa.fa_type;
			fri.offload = fa.offload;
			fri.trap = fa.trap;
			out.push(fib_dump_info(RTM_NEWROUTE, fri, flags));
		}
		if (filter.dump_exceptions) dump_fnhe(net, tb.tb_id, fi, flags, out);
	}
}

/**
 * Dumps a table in ascending order of prefixes.
 * @param dump_fnhe dumps the exceptions of a route
 * @kernel net/ipv4/fib_trie.c:2306 (v5.10)
 */
export function fib_table_dump(
	net: net,
	tb: fib_table,
	out: nlmsg[],
	filter: fib_dump_filter,
	dump_fnhe: dump_fnhe_t,
): void {
	for (const l of leaves(tb.tb_data as trie))
		fn_trie_dump_leaf(net, l, tb, out, filter, dump_fnhe);
}

/**
 * Makes a table.
 * @param id RT_TABLE_*
 * @param alias table whose trie it shares, or null
 * @kernel net/ipv4/fib_trie.c:2361 (v5.10)
 */
export function fib_trie_table(m: Machine, id: u32, alias: fib_table | null): fib_table {
	if (alias !== null) return new fib_table(id, alias.tb_data, fib_table_lookup);
	const t = new trie();
	const tb = new fib_table(id, t, fib_table_lookup);
	trie_owners.of(m).set(t, tb);
	return tb;
}
