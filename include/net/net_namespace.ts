/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/net_namespace.h, base v5.10: one network namespace.
 *
 * PORT: a namespace knows its machine; sysctl entries and /proc/net files are maps on it; net_generic()
 * slots are machine_var-like keys (pernet_var) instead of numbers and sizes.
 */
import type { Machine } from '../linux/machine.ts';
import type { net_device } from '../linux/netdevice.ts';
import type { ctl_table } from '../linux/sysctl.ts';
import type { fib_rules_ops } from './fib_rules.ts';
import { netns_core } from './netns/core.ts';
import { netns_mib } from './netns/mib.ts';
import { netns_ipv4 } from './netns/ipv4.ts';
import { netns_ipv6 } from './netns/ipv6.ts';
import { netns_nf } from './netns/netfilter.ts';
import { netns_ct } from './netns/conntrack.ts';
import { netns_nftables } from './netns/nftables.ts';
import { netns_xfrm } from './netns/xfrm.ts';

export const LOOPBACK_IFINDEX = 1;

/** A network namespace; made by copy_net_ns() in net/core/net_namespace.ts. */
export class net {
	readonly machine: Machine;
	/** Number that identifies it, as the inode of /proc/PID/ns/net does. */
	readonly inum: number;
	dev_unreg_count = 0;
	/** Grows when a device is added, removed or renamed. */
	dev_base_seq = 0;
	/** Last interface index given out. */
	ifindex = 0;
	/** Ids of other namespaces as this one sees them (RTM_NEWNSID): index is the id. */
	readonly netns_ids: net[] = [];
	/** Devices in order of registration. */
	readonly dev_base_head: net_device[] = [];
	/** Files under /proc/net. */
	readonly proc_net = new Map<string, () => string>();

	/** Full path such as `net/ipv4/ip_forward` to its entry. */
	readonly sysctls = new Map<string, ctl_table>();
	readonly dev_name_head = new Map<string, net_device>();
	readonly dev_index_head = new Map<number, net_device>();
	/** Makes the hashes of namespaces differ; signed. */
	readonly hash_mix: number;
	loopback_dev: net_device | null = null;
	readonly rules_ops: fib_rules_ops[] = [];

	readonly core = new netns_core();
	readonly mib = new netns_mib();
	readonly ipv4 = new netns_ipv4();
	readonly ipv6 = new netns_ipv6();
	readonly nf = new netns_nf();
	readonly ct = new netns_ct();
	readonly nft = new netns_nftables();
	/** Slots of pernet_var. */
	readonly gen: unknown[] = [];
	/** Set once clean-up has begun. */
	dead = false;
	readonly xfrm = new netns_xfrm();

	constructor(machine: Machine, inum: number) {
		this.machine = machine;
		this.inum = inum;
		this.hash_mix = Math.imul(inum, 0x9e3779b1);
	}
}

/** What a subsystem does when a namespace comes and goes. */
export interface pernet_operations {
	/** Returns 0 or a negative errno. */
	init?: (net: net) => number;
	/** Before exit of all subsystems. */
	pre_exit?: (net: net) => void;
	exit?: (net: net) => void;
}

/** A variable of which each namespace has its own. */
export class pernet_variable<T> {
	static #declared = 0;
	readonly #id: number;
	readonly #init: (net: net) => T;

	constructor(init: (net: net) => T) {
		this.#id = pernet_variable.#declared++;
		this.#init = init;
	}

	/** The instance of a namespace, made at first use. */
	of(net: net): T {
		const v = net.gen[this.#id];
		if (v !== undefined) return v as T;
		const made = this.#init(net);
		net.gen[this.#id] = made;
		return made;
	}
}

/**
 * Declares a per-namespace variable.
 * @param init makes the initial value
 * @kernel PORT: stands for net_generic() with pernet_operations.id and .size
 */
export function pernet_var<T>(init: (net: net) => T): pernet_variable<T> {
	return new pernet_variable(init);
}

/**
 * Tells whether two namespaces are one.
 * @kernel include/net/net_namespace.h:271 (v5.10)
 */
export function net_eq(net1: net, net2: net): boolean {
	return net1 === net2;
}
