// SPDX-License-Identifier: GPL-2.0
/*
 * net/netfilter/core.c, base v5.10: registers hook functions and runs packets through them.
 *
 * A traversal's nf_hook_state is lent by the entries it goes through: none of them keeps its state for later (queues
 * to user space are absent), so a packet costs no allocation, unless it is one that nests in another of its place.
 *
 * PORT: the pointers by which connection tracking, NAT and user-space tools reach each other
 * (nf_ct_hook, nf_nat_hook, ip_ct_attach) are fields of `netfilter_hooks`, one a machine. Entries are
 * immutable: taking a hook out makes new entries, where C puts a function that accepts in its place
 * first. Inlines of include/linux/netfilter.h and netfilter_ingress.h that need nf_hook_slow() stand
 * first: include/ does not import net/.
 * netfilter_log_init() is called by whoever calls netfilter_init(): nf_log.ts needs net/core/net_namespace.ts,
 * which needs net/core/dev.ts, which needs this file.
 * Not ported: nf_queue (no program takes packets to user space: the verdict NF_QUEUE drops as with no
 * handler bound), static keys, DECnet, raw entries of other subsystems, nfnl_ct_hook.
 */
import type { net } from '../../include/net/net_namespace.ts';
import type { net_device } from '../../include/linux/netdevice.ts';
import type { sk_buff, sk_buff_head } from '../../include/linux/skbuff.ts';
import {
	__skb_dequeue,
	__skb_queue_tail,
	sk_buff_head as skb_list,
} from '../../include/linux/skbuff.ts';
import type { sock } from '../../include/net/sock.ts';
import type { flowi4, flowi6 } from '../../include/net/flow.ts';
import type { nlattrs } from '../../include/net/netlink.ts';
import type { nf_conn } from '../../include/net/netfilter/nf_conntrack.ts';
import type { nf_conntrack_tuple } from '../../include/net/netfilter/nf_conntrack_tuple.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import {
	nf_hook_entries,
	nf_hook_entry_hookfn,
	nf_hook_state,
	type nf_hook_ops,
	type okfn_t,
} from '../../include/linux/netfilter.ts';
import {
	NF_ACCEPT,
	NF_DROP,
	NF_INET_INGRESS,
	NF_NETDEV_INGRESS,
	NF_QUEUE,
	NF_VERDICT_FLAG_QUEUE_BYPASS,
	NF_VERDICT_MASK,
	NF_VERDICT_QBITS,
	NFPROTO_ARP,
	NFPROTO_BRIDGE,
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
	NFPROTO_NETDEV,
} from '../../include/uapi/linux/netfilter.ts';
import { E2BIG, EINVAL, EPERM } from '../../include/uapi/linux/errno.ts';
import { kfree_skb } from '../core/skbuff.ts';

/** What connection tracking offers to the rest. */
export interface nf_ct_hook {
	destroy: (ct: nf_conn) => void;
	get_tuple_skb: (dst_tuple: nf_conntrack_tuple, skb: sk_buff) => boolean;
}

/** What NAT offers to the rest. */
export interface nf_nat_hook {
	/** Settles NAT of a connection that the user makes; attr is null for none. Returns 0 or a negative errno. */
	parse_nat_setup: (ct: nf_conn, manip: number, attr: nlattrs | null) => number;
	/** Puts a packet's addresses before NAT into a flow key. */
	decode_session: ((skb: sk_buff, fl: flowi4 | flowi6) => void) | null;
	/** Returns a verdict. */
	manip_pkt: ((skb: sk_buff, ct: nf_conn, mtype: number, dir: number) => number) | null;
}

/** Pointers that modules set. */
class netfilter_globals {
	nf_ct_hook: nf_ct_hook | null = null;
	nf_nat_hook: nf_nat_hook | null = null;
	ip_ct_attach: ((nskb: sk_buff, skb: sk_buff) => void) | null = null;
	/** Set while a duplicated packet is sent (nf_dup). */
	nf_skb_duplicated = false;
}

export const netfilter_hooks = machine_var(() => new netfilter_globals());

/**
 * Errno in a drop verdict.
 * @returns 0 or a negative errno
 * @kernel include/linux/netfilter.h:19 (v5.10)
 */
export function NF_DROP_GETERR(verdict: number): number {
	return -(verdict >> NF_VERDICT_QBITS);
}

/**
 * Fills the state of a traversal. Most of it is as the last packet left it, and a look is less than a store.
 * @kernel include/linux/netfilter.h:139 (v5.10)
 */
export function nf_hook_state_init(
	p: nf_hook_state,
	hook: number,
	pf: number,
	indev: net_device | null,
	outdev: net_device | null,
	sk: sock | null,
	net: net,
	okfn: okfn_t | null,
): void {
	p.hook = hook;
	p.pf = pf;
	if (p.in !== indev) p.in = indev;
	if (p.out !== outdev) p.out = outdev;
	if (p.sk !== sk) p.sk = sk;
	if (p.net !== net) p.net = net;
	if (p.okfn !== okfn) p.okfn = okfn;
}

/**
 * Runs a packet through hook entries with the state that they lend.
 * @returns as nf_hook_slow()
 * @kernel PORT: the state is a variable on the caller's stack in C
 */
function nf_hook_traverse(
	hook_head: nf_hook_entries,
	hook: number,
	pf: number,
	net: net,
	sk: sock | null,
	skb: sk_buff,
	indev: net_device | null,
	outdev: net_device | null,
	okfn: okfn_t | null,
): number {
	const { depth } = hook_head;
	const state = depth === 0 ? hook_head.state : new nf_hook_state(net);
	nf_hook_state_init(state, hook, pf, indev, outdev, sk, net, okfn);
	hook_head.depth = depth + 1;
	const ret = nf_hook_slow(skb, state, hook_head, 0);
	hook_head.depth = depth;
	return ret;
}

/**
 * Entries of a family and hook, null when there are none.
 * @kernel PORT: the switch of nf_hook()
 */
function nf_hook_head(pf: number, hook: number, net: net): nf_hook_entries | null {
	switch (pf) {
		case NFPROTO_IPV4:
			return net.nf.hooks_ipv4[hook]!;
		case NFPROTO_IPV6:
			return net.nf.hooks_ipv6[hook]!;
		case NFPROTO_ARP:
			return net.nf.hooks_arp[hook] ?? null;
		case NFPROTO_BRIDGE:
			return net.nf.hooks_bridge[hook]!;
		default:
			net.machine.record('WARN', 'nf_hook', `no family ${pf}`);
			return null;
	}
}

/**
 * Runs a packet through the hooks of one place.
 * @param pf NFPROTO_*
 * @param hook NF_INET_* or the like
 * @returns 1 when the caller shall go on with the packet; anything else: it is gone
 * @kernel include/linux/netfilter.h:205 (v5.10)
 */
export function nf_hook(
	pf: number,
	hook: number,
	net: net,
	sk: sock | null,
	skb: sk_buff,
	indev: net_device | null,
	outdev: net_device | null,
	okfn: okfn_t | null,
): number {
	const hook_head = nf_hook_head(pf, hook, net);
	if (hook_head === null) return 1;
	return nf_hook_traverse(hook_head, hook, pf, net, sk, skb, indev, outdev, okfn);
}

/**
 * As NF_HOOK(), but straight on when a condition does not hold.
 * @returns what okfn returned, 0 when the packet was stolen, a negative errno when it was dropped
 * @kernel include/linux/netfilter.h:281 (v5.10)
 */
export function NF_HOOK_COND(
	pf: number,
	hook: number,
	net: net,
	sk: sock | null,
	skb: sk_buff,
	indev: net_device | null,
	outdev: net_device | null,
	okfn: okfn_t,
	cond: boolean,
): number {
	if (cond) {
		const ret = nf_hook(pf, hook, net, sk, skb, indev, outdev, okfn);
		if (ret !== 1) return ret;
	}
	return okfn(net, sk, skb);
}

/**
 * Runs a packet through the hooks of one place, then on.
 * @param pf NFPROTO_*
 * @param hook NF_INET_* or the like
 * @param okfn gets the packet when all hooks let it pass
 * @returns what okfn returned, 0 when the packet was stolen, a negative errno when it was dropped
 * @kernel include/linux/netfilter.h:295 (v5.10)
 */
export function NF_HOOK(
	pf: number,
	hook: number,
	net: net,
	sk: sock | null,
	skb: sk_buff,
	indev: net_device | null,
	outdev: net_device | null,
	okfn: okfn_t,
): number {
	const ret = nf_hook(pf, hook, net, sk, skb, indev, outdev, okfn);
	if (ret === 1) return okfn(net, sk, skb);
	return ret;
}

/**
 * Runs each packet of a list through the hooks of one place; those that may go on stay on the list.
 * @kernel include/linux/netfilter.h:306 (v5.10)
 */
export function NF_HOOK_LIST(
	pf: number,
	hook: number,
	net: net,
	sk: sock | null,
	head: sk_buff_head,
	indev: net_device | null,
	outdev: net_device | null,
	okfn: okfn_t,
): void {
	const hook_head = nf_hook_head(pf, hook, net);
	if (hook_head === null) return;
	const passed = new skb_list();
	for (let skb = __skb_dequeue(head); skb !== null; skb = __skb_dequeue(head))
		if (nf_hook_traverse(hook_head, hook, pf, net, sk, skb, indev, outdev, okfn) === 1)
			__skb_queue_tail(passed, skb);
	for (let skb = __skb_dequeue(passed); skb !== null; skb = __skb_dequeue(passed))
		__skb_queue_tail(head, skb);
}

/**
 * Lets NAT put a packet's addresses before NAT into a flow key.
 * @param fl key to be changed
 * @kernel include/linux/netfilter.h:381 (v5.10)
 */
export function nf_nat_decode_session(skb: sk_buff, fl: flowi4 | flowi6): void {
	netfilter_hooks.of(skb.machine).nf_nat_hook?.decode_session?.(skb, fl);
}

/**
 * Runs a received packet through the hooks of its device.
 * @returns 1: go on (0 when there are no hooks, also go on); negative: the packet is gone
 * @kernel include/linux/netfilter_ingress.h:19 (v5.10)
 */
export function nf_hook_ingress(skb: sk_buff): number {
	const dev = skb.dev!;
	const e = dev.nf_hooks_ingress;
	if (e === null) return 0;
	const ret = nf_hook_traverse(
		e,
		NF_NETDEV_INGRESS,
		NFPROTO_NETDEV,
		dev.nd_net,
		null,
		skb,
		dev,
		null,
		null,
	);
	return ret === 0 ? -1 : ret;
}

/* max hooks per family/hooknum */
const MAX_HOOK_COUNT = 1024;

/**
 * Adds a hook to entries. Among equal priorities the one registered last runs first.
 * @returns the new entries, -E2BIG when there are too many
 * @kernel net/netfilter/core.c:104 (v5.10)
 */
function nf_hook_entries_grow(
	old: nf_hook_entries | null,
	reg: nf_hook_ops,
	net: net,
): nf_hook_entries | number {
	const orig_ops = old === null ? [] : old.ops;
	if (orig_ops.length + 1 > MAX_HOOK_COUNT) return -E2BIG;

	const new_ops: nf_hook_ops[] = [];
	let inserted = false;
	for (const op of orig_ops) {
		if (!inserted && reg.priority <= op.priority) {
			new_ops.push(reg);
			inserted = true;
		}
		new_ops.push(op);
	}
	if (!inserted) new_ops.push(reg);
	return new nf_hook_entries(new_ops, net);
}

/**
 * Entries of a place as registered.
 * @kernel PORT: reads what nf_hook_entry_head() points to
 */
function nf_hook_entry_get(
	net: net,
	pf: number,
	hooknum: number,
	dev: net_device | null,
): nf_hook_entries | null {
	switch (pf) {
		case NFPROTO_ARP:
			return net.nf.hooks_arp[hooknum]!;
		case NFPROTO_BRIDGE:
			return net.nf.hooks_bridge[hooknum]!;
		case NFPROTO_IPV4:
			return net.nf.hooks_ipv4[hooknum]!;
		case NFPROTO_IPV6:
			return net.nf.hooks_ipv6[hooknum]!;
		default:
			return dev!.nf_hooks_ingress;
	}
}

/**
 * Replaces the entries of a place.
 * @kernel PORT: writes what nf_hook_entry_head() points to
 */
function nf_hook_entry_set(
	net: net,
	pf: number,
	hooknum: number,
	dev: net_device | null,
	e: nf_hook_entries | null,
): void {
	switch (pf) {
		case NFPROTO_ARP:
			net.nf.hooks_arp[hooknum] = e;
			break;
		case NFPROTO_BRIDGE:
			net.nf.hooks_bridge[hooknum] = e;
			break;
		case NFPROTO_IPV4:
			net.nf.hooks_ipv4[hooknum] = e;
			break;
		case NFPROTO_IPV6:
			net.nf.hooks_ipv6[hooknum] = e;
			break;
		default:
			dev!.nf_hooks_ingress = e;
	}
}

/**
 * Tells whether a place exists where hooks can be; records a WARN when not.
 * @kernel net/netfilter/core.c:267 (v5.10)
 */
function nf_hook_entry_head(
	net: net,
	pf: number,
	hooknum: number,
	dev: net_device | null,
): boolean {
	let ok = false;
	switch (pf) {
		case NFPROTO_NETDEV:
			ok = hooknum === NF_NETDEV_INGRESS && dev !== null && dev.nd_net === net;
			break;
		case NFPROTO_ARP:
			ok = hooknum < net.nf.hooks_arp.length;
			break;
		case NFPROTO_BRIDGE:
			ok = hooknum < net.nf.hooks_bridge.length;
			break;
		case NFPROTO_INET:
			ok = hooknum === NF_INET_INGRESS && dev !== null && dev.nd_net === net;
			break;
		case NFPROTO_IPV4:
			ok = hooknum < net.nf.hooks_ipv4.length;
			break;
		case NFPROTO_IPV6:
			ok = hooknum < net.nf.hooks_ipv6.length;
			break;
	}
	if (!ok) net.machine.record('WARN', 'nf_hook_entry_head', `family ${pf} hook ${hooknum}`);
	return ok;
}

/**
 * Checks that an ingress hook names a device of the namespace.
 * @returns 0 or -EINVAL
 * @kernel net/netfilter/core.c:324 (v5.10)
 */
function nf_ingress_check(net: net, reg: nf_hook_ops, hooknum: number): number {
	if (reg.hooknum !== hooknum || reg.dev === null || reg.dev.nd_net !== net) return -EINVAL;
	return 0;
}

/**
 * Adds a hook to one family.
 * @returns 0, -EINVAL for a place that does not exist, -E2BIG when there are too many
 * @kernel net/netfilter/core.c:377 (v5.10)
 */
function __nf_register_net_hook(net: net, pf: number, reg: nf_hook_ops): number {
	let err: number;
	switch (pf) {
		case NFPROTO_NETDEV:
			err = nf_ingress_check(net, reg, NF_NETDEV_INGRESS);
			if (err < 0) return err;
			break;
		case NFPROTO_INET:
			if (reg.hooknum !== NF_INET_INGRESS) break;
			err = nf_ingress_check(net, reg, NF_INET_INGRESS);
			if (err < 0) return err;
			break;
	}
	if (!nf_hook_entry_head(net, pf, reg.hooknum, reg.dev)) return -EINVAL;

	const p = nf_hook_entry_get(net, pf, reg.hooknum, reg.dev);
	const new_hooks = nf_hook_entries_grow(p, reg, net);
	if (IS_ERR(new_hooks)) return new_hooks;
	nf_hook_entry_set(net, pf, reg.hooknum, reg.dev, new_hooks);
	return 0;
}

/**
 * Entries without a hook.
 * @returns the same entries when it is not among them, null when none is left
 * @kernel net/netfilter/core.c:437 (v5.10)
 */
function nf_remove_net_hook(
	old: nf_hook_entries,
	unreg: nf_hook_ops,
	net: net,
): nf_hook_entries | null {
	const i = old.ops.indexOf(unreg);
	if (i < 0) return old;
	if (old.num_hook_entries === 1) return null;
	return new nf_hook_entries(old.ops.filter((_, j) => j !== i), net);
}

/**
 * Takes a hook out of one family.
 * @kernel net/netfilter/core.c:455 (v5.10)
 */
function __nf_unregister_net_hook(net: net, pf: number, reg: nf_hook_ops): void {
	if (!nf_hook_entry_head(net, pf, reg.hooknum, reg.dev)) return;
	const p = nf_hook_entry_get(net, pf, reg.hooknum, reg.dev);
	if (p === null) {
		net.machine.record('WARN', '__nf_unregister_net_hook', 'no hooks there');
		return;
	}
	const e = nf_remove_net_hook(p, reg, net);
	if (e === p)
		net.machine.record(
			'WARN',
			'__nf_unregister_net_hook',
			`hook not found, pf ${pf} num ${reg.hooknum}`,
		);
	else nf_hook_entry_set(net, pf, reg.hooknum, reg.dev, e);
}

/**
 * Takes a hook out, of both IP families when it is an inet hook.
 * @param reg the object that was registered
 * @kernel net/netfilter/core.c:492 (v5.10)
 */
export function nf_unregister_net_hook(net: net, reg: nf_hook_ops): void {
	if (reg.pf === NFPROTO_INET) {
		if (reg.hooknum === NF_INET_INGRESS) {
			__nf_unregister_net_hook(net, NFPROTO_INET, reg);
		} else {
			__nf_unregister_net_hook(net, NFPROTO_IPV4, reg);
			__nf_unregister_net_hook(net, NFPROTO_IPV6, reg);
		}
	} else {
		__nf_unregister_net_hook(net, reg.pf, reg);
	}
}

/**
 * Registers a hook, for both IP families when it is an inet hook.
 * @param reg its identity is what nf_unregister_net_hook() looks for
 * @returns 0, -EINVAL for a place that does not exist, -E2BIG when there are too many
 * @kernel net/netfilter/core.c:520 (v5.10)
 */
export function nf_register_net_hook(net: net, reg: nf_hook_ops): number {
	let err: number;
	if (reg.pf === NFPROTO_INET) {
		if (reg.hooknum === NF_INET_INGRESS) {
			err = __nf_register_net_hook(net, NFPROTO_INET, reg);
			if (err < 0) return err;
		} else {
			err = __nf_register_net_hook(net, NFPROTO_IPV4, reg);
			if (err < 0) return err;

			err = __nf_register_net_hook(net, NFPROTO_IPV6, reg);
			if (err < 0) {
				__nf_unregister_net_hook(net, NFPROTO_IPV4, reg);
				return err;
			}
		}
	} else {
		err = __nf_register_net_hook(net, reg.pf, reg);
		if (err < 0) return err;
	}
	return 0;
}

/**
 * Registers hooks, all or none.
 * @param n how many of them
 * @returns 0 or the errno of the one that failed
 * @kernel net/netfilter/core.c:550 (v5.10)
 */
export function nf_register_net_hooks(
	net: net,
	reg: readonly nf_hook_ops[],
	n: number = reg.length,
): number {
	for (let i = 0; i < n; i++) {
		const err = nf_register_net_hook(net, reg[i]);
		if (err !== 0) {
			if (i > 0) nf_unregister_net_hooks(net, reg, i);
			return err;
		}
	}
	return 0;
}

/**
 * Takes hooks out.
 * @param hookcount how many of them
 * @kernel net/netfilter/core.c:570 (v5.10)
 */
export function nf_unregister_net_hooks(
	net: net,
	reg: readonly nf_hook_ops[],
	hookcount: number = reg.length,
): void {
	for (let i = 0; i < hookcount; i++) nf_unregister_net_hook(net, reg[i]);
}

/**
 * Runs a packet through hook entries.
 * @param s entry to begin with
 * @returns 1: the caller goes on with the packet; 0: stolen; negative errno: dropped and freed
 * (-EPERM unless the verdict carries another)
 * @kernel net/netfilter/core.c:582 (v5.10)
 */
export function nf_hook_slow(
	skb: sk_buff,
	state: nf_hook_state,
	e: nf_hook_entries,
	s: number,
): number {
	const { hooks } = e;
	for (; s < hooks.length; s++) {
		const verdict = nf_hook_entry_hookfn(hooks[s], skb, state);
		switch (verdict & NF_VERDICT_MASK) {
			case NF_ACCEPT:
				break;
			case NF_DROP: {
				kfree_skb(skb);
				const ret = NF_DROP_GETERR(verdict);
				return ret === 0 ? -EPERM : ret;
			}
			case NF_QUEUE:
				/* PORT: nf_queue() without a handler: -ESRCH, and bypass lets it pass */
				if ((verdict & NF_VERDICT_FLAG_QUEUE_BYPASS) !== 0) continue;
				kfree_skb(skb);
				return 0;
			default:
				return 0;
		}
	}
	return 1;
}

/**
 * Gives a packet that answers another (an ICMP error, a reset) the other's connection.
 * @param nskb the new packet
 * @kernel net/netfilter/core.c:656 (v5.10)
 */
export function nf_ct_attach(nskb: sk_buff, skb: sk_buff): void {
	if (skb._nfct !== null) netfilter_hooks.of(skb.machine).ip_ct_attach?.(nskb, skb);
}

/**
 * Destroys a connection whose last reference is gone.
 * @kernel net/netfilter/core.c:670 (v5.10)
 */
export function nf_conntrack_destroy(nfct: nf_conn): void {
	netfilter_hooks.of(nfct.ct_net.machine).nf_ct_hook!.destroy(nfct);
}

/**
 * Tuple of a packet's connection.
 * @param dst_tuple filled
 * @returns false when there is none
 * @kernel net/netfilter/core.c:682 (v5.10)
 */
export function nf_ct_get_tuple_skb(dst_tuple: nf_conntrack_tuple, skb: sk_buff): boolean {
	const hook = netfilter_hooks.of(skb.machine).nf_ct_hook;
	return hook === null ? false : hook.get_tuple_skb(dst_tuple, skb);
}

/**
 * Boots the hook machinery; a namespace is made without hooks. netfilter_log_init() comes right after it.
 * @returns 0
 * @kernel net/netfilter/core.c:752 (v5.10)
 */
export function netfilter_init(m: Machine): number {
	netfilter_hooks.of(m);
	return 0;
}
