/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/netfilter.h and the uapi part of it that the packet path needs, base v5.10.
 *
 * Types of the hook machinery. nf_hook(), NF_HOOK(), NF_HOOK_COND() and NF_HOOK_LIST() need nf_hook_slow()
 * and live at the top of net/netfilter/core.ts.
 */
import type { net } from '../net/net_namespace.ts';
import type { net_device } from './netdevice.ts';
import type { sk_buff } from './skbuff.ts';
import type { sock } from '../net/sock.ts';

export type okfn_t = (net: net, sk: sock | null, skb: sk_buff) => number;

/** What a hook function learns about where the packet is. */
export class nf_hook_state {
	hook = 0;
	pf = 0;
	in: net_device | null = null;
	out: net_device | null = null;
	sk: sock | null = null;
	net: net;
	okfn: okfn_t | null = null;

	constructor(net: net) {
		this.net = net;
	}
}

/** A hook function: answers NF_ACCEPT, NF_DROP, NF_STOLEN, NF_QUEUE or a verdict with an errno in the high bits. */
export type nf_hookfn = (priv: unknown, skb: sk_buff, state: nf_hook_state) => number;

/** What a module registers. */
export interface nf_hook_ops {
	hook: nf_hookfn;
	dev: net_device | null;
	priv: unknown;
	pf: number;
	hooknum: number;
	/** Ascending; lower runs earlier. */
	priority: number;
}

/** A hook function with what it gets. */
export class nf_hook_entry {
	readonly hook: nf_hookfn;
	readonly priv: unknown;

	constructor(hook: nf_hookfn, priv: unknown) {
		this.hook = hook;
		this.priv = priv;
	}
}

/** Hooks of one place, laid out when they change, in order of priority. */
export class nf_hook_entries {
	readonly num_hook_entries: number;
	readonly hooks: readonly nf_hook_entry[];
	readonly ops: readonly nf_hook_ops[];
	/** PORT: state of a traversal, on the stack in C; those that nest in it have their own. */
	readonly state: nf_hook_state;
	/** Traversals that are under way. */
	depth = 0;

	constructor(ops: readonly nf_hook_ops[], net: net) {
		this.num_hook_entries = ops.length;
		this.ops = ops;
		this.hooks = ops.map((o) => new nf_hook_entry(o.hook, o.priv));
		this.state = new nf_hook_state(net);
	}
}

/**
 * Calls a hook function.
 * @returns its verdict
 * @kernel include/linux/netfilter.h:133 (v5.10)
 */
export function nf_hook_entry_hookfn(
	entry: nf_hook_entry,
	skb: sk_buff,
	state: nf_hook_state,
): number {
	return entry.hook(entry.priv, skb, state);
}
