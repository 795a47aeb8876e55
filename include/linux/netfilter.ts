/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/netfilter.h and the uapi part of it that the packet path needs, base v5.10.
 *
 * Types of the hook machinery. nf_hook(), NF_HOOK(), NF_HOOK_COND() and NF_HOOK_LIST() need nf_hook_slow()
 * and live at the top of net/netfilter/core.ts.
 */
import { get_unaligned_be32 } from './byteorder/generic.ts';
import type { __be32 } from './types.ts';
import type { net } from '../net/net_namespace.ts';
import type { net_device } from './netdevice.ts';
import type { sk_buff } from './skbuff.ts';
import type { sock } from '../net/sock.ts';

/**
 * An address of either family, four words in network order, each a signed number; IPv4 uses the first.
 * PORT: a union in include/uapi/linux/netfilter.h.
 */
export class nf_inet_addr {
	all_0 = 0;
	all_1 = 0;
	all_2 = 0;
	all_3 = 0;

	/** The IPv4 address. */
	get ip(): __be32 {
		return (this.all_0 >>> 0) as __be32;
	}
	set ip(v: number) {
		this.all_0 = v | 0;
	}
	/** Sets all of it from 16 bytes at an offset. */
	set_in6(p: Uint8Array, off = 0): void {
		this.all_0 = get_unaligned_be32(p, off) | 0;
		this.all_1 = get_unaligned_be32(p, off + 4) | 0;
		this.all_2 = get_unaligned_be32(p, off + 8) | 0;
		this.all_3 = get_unaligned_be32(p, off + 12) | 0;
	}
	/** One of the four words, unsigned. */
	word(i: number): number {
		if (i === 0) return this.all_0 >>> 0;
		if (i === 1) return this.all_1 >>> 0;
		return (i === 2 ? this.all_2 : this.all_3) >>> 0;
	}
	/** Sets one of the four words. */
	set_word(i: number, v: number): void {
		if (i === 0) this.all_0 = v | 0;
		else if (i === 1) this.all_1 = v | 0;
		else if (i === 2) this.all_2 = v | 0;
		else this.all_3 = v | 0;
	}
	/** *this = *o */
	copy(o: nf_inet_addr): void {
		this.all_0 = o.all_0;
		this.all_1 = o.all_1;
		this.all_2 = o.all_2;
		this.all_3 = o.all_3;
	}
	/** memset(this, 0, sizeof(*this)) */
	clear(): void {
		this.all_0 = 0;
		this.all_1 = 0;
		this.all_2 = 0;
		this.all_3 = 0;
	}
}

/**
 * Compares two addresses.
 * @returns whether they are equal
 * @kernel include/linux/netfilter.h:24 (v5.10)
 */
export function nf_inet_addr_cmp(a1: nf_inet_addr, a2: nf_inet_addr): boolean {
	return (
		a1.all_0 === a2.all_0 &&
		a1.all_1 === a2.all_1 &&
		a1.all_2 === a2.all_2 &&
		a1.all_3 === a2.all_3
	);
}

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
