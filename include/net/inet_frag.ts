/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/inet_frag.h, base v5.10: queues of fragments that wait for the rest.
 *
 * PORT: the rhashtable of a directory is a Map from a 32-bit hash to a chain of queues; the fragments of
 * a queue are runs of adjoining ones, each chained from its first by `skb.next`, the runs in an array in
 * order of offset, where C has a red-black tree. A fragment's offset is its
 * cb0 (ip_defrag_offset), the length of the run it begins its cb1.
 * Inlines that need net/ipv4/inet_fragment.c live there.
 */
import { U32_ZERO } from '../linux/types.ts';
import type { net } from './net_namespace.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import { prandom_u32 } from '../linux/machine.ts';
import { timer_setup, type timer_list } from '../linux/timer.ts';
import type { work_struct } from '../linux/workqueue.ts';

/* inet_frag_queue.flags */
export const INET_FRAG_FIRST_IN = 1 << 0;
export const INET_FRAG_LAST_IN = 1 << 1;
export const INET_FRAG_COMPLETE = 1 << 2;
export const INET_FRAG_HASH_DEAD = 1 << 3;

export const IPFRAG_ECN_NOT_ECT = 0x01;
export const IPFRAG_ECN_ECT_1 = 0x02;
export const IPFRAG_ECN_ECT_0 = 0x04;
export const IPFRAG_ECN_CE = 0x08;

export const IPFRAG_OK = 0;
export const IPFRAG_DUP = 1;
export const IPFRAG_OVERLAP = 2;

/** What makes IPv4 fragments belong together. */
export class frag_v4_compare_key {
	saddr = U32_ZERO;
	daddr = U32_ZERO;
	/** IP_DEFRAG_* */
	user = 0;
	vif = 0;
	id = 0;
	protocol = 0;
}

/** What makes IPv6 fragments belong together. */
export class frag_v6_compare_key {
	readonly saddr = new Uint8Array(16);
	readonly daddr = new Uint8Array(16);
	user = 0;
	id = 0;
	iif = 0;
}

export type frag_compare_key = frag_v4_compare_key | frag_v6_compare_key;

/** Fragments of one datagram. Families extend it with their key. */
export class inet_frag_queue {
	/** Next queue with the same hash. */
	next: inet_frag_queue | null = null;
	hash = U32_ZERO;
	readonly timer: timer_list;
	refcnt = 0;
	/** First packet of each run, in order of offset. */
	readonly rb_fragments: sk_buff[] = [];
	/** Last packet of all. */
	fragments_tail: sk_buff | null = null;
	/** First packet of the run that grew last. */
	last_run_head: sk_buff | null = null;
	stamp = U32_ZERO;
	/** Where the datagram ends, as far as known, bytes. */
	len = 0;
	/** Payload bytes that are here. */
	meat = 0;
	/** INET_FRAG_* */
	flags = 0;
	max_size = 0;
	fqdir: fqdir;

	/** @param fqdir directory it belongs to */
	constructor(fqdir: fqdir) {
		this.fqdir = fqdir;
		this.timer = timer_setup(fqdir.net.machine, () => fqdir.f.frag_expire(this));
	}
}

/** What a family does with its queues. */
export interface inet_frags {
	/** Truesize of a queue. */
	qsize: number;
	/** Makes a queue for a key. */
	constructor: (fqdir: fqdir, key: frag_compare_key) => inet_frag_queue;
	destructor: (q: inet_frag_queue) => void;
	/** The rest did not come in time; softirq. */
	frag_expire: (q: inet_frag_queue) => void;
	hashfn: (key: frag_compare_key, seed: number) => number;
	/** True when the queue has this key. */
	obj_cmpfn: (q: inet_frag_queue, key: frag_compare_key) => boolean;
}

/** Fragment queues of a namespace and user (IPv4, IPv6, IPv6 connection tracking). */
export class fqdir {
	/** Bytes of truesize. */
	high_thresh = 0;
	low_thresh = 0;
	/** Jiffies. */
	timeout = U32_ZERO;
	max_dist = 0;
	f: inet_frags;
	net: net;
	dead = false;
	/** Hash to the first queue that has it. */
	readonly rhashtable = new Map<number, inet_frag_queue>();
	/** Bytes of truesize in use. */
	mem = 0;
	destroy_work: work_struct | null = null;
	/** Seed of the hash. */
	readonly seed: number;

	/**
	 * @param f operations
	 * @param net namespace
	 */
	constructor(f: inet_frags, net: net) {
		this.f = f;
		this.net = net;
		this.seed = prandom_u32(net.machine);
	}
}

/**
 * Stops taking fragments in a namespace that goes away.
 * @kernel include/net/inet_frag.h:117 (v5.10)
 */
export function fqdir_pre_exit(fqdir: fqdir): void {
	fqdir.high_thresh = 0;
	fqdir.dead = true;
}

/**
 * Bytes in use.
 * @kernel include/net/inet_frag.h:139 (v5.10)
 */
export function frag_mem_limit(fqdir: fqdir): number {
	return fqdir.mem;
}

/**
 * Gives bytes back.
 * @kernel include/net/inet_frag.h:144 (v5.10)
 */
export function sub_frag_mem_limit(fqdir: fqdir, val: number): void {
	fqdir.mem -= val;
}

/**
 * Takes bytes.
 * @kernel include/net/inet_frag.h:149 (v5.10)
 */
export function add_frag_mem_limit(fqdir: fqdir, val: number): void {
	fqdir.mem += val;
}
