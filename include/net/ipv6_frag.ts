/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/ipv6_frag.h, base v5.10: fragments of IPv6 datagrams, for receivers and for connection
 * tracking.
 */
import { jhash2 } from '../linux/jhash.ts';
import { get_unaligned_be32 } from '../linux/byteorder/generic.ts';
import {
	frag_v6_compare_key,
	inet_frag_queue,
	type fqdir,
	type frag_compare_key,
} from './inet_frag.ts';
import { ipv6_addr_equal } from './ipv6.ts';

/* enum ip6_defrag_users */
export const IP6_DEFRAG_LOCAL_DELIVER = 0;
export const IP6_DEFRAG_CONNTRACK_IN = 1;
export const __IP6_DEFRAG_CONNTRACK_IN = IP6_DEFRAG_CONNTRACK_IN + 0xffff;
export const IP6_DEFRAG_CONNTRACK_OUT = __IP6_DEFRAG_CONNTRACK_IN + 1;
export const __IP6_DEFRAG_CONNTRACK_OUT = IP6_DEFRAG_CONNTRACK_OUT + 0xffff;
export const IP6_DEFRAG_CONNTRACK_BRIDGE_IN = __IP6_DEFRAG_CONNTRACK_OUT + 1;
export const __IP6_DEFRAG_CONNTRACK_BRIDGE_IN = IP6_DEFRAG_CONNTRACK_BRIDGE_IN + 0xffff;

/** Fragments of one IPv6 datagram. */
export class frag_queue extends inet_frag_queue {
	readonly v6 = new frag_v6_compare_key();
	iif = 0;
	/** Offset from the network header of the byte that names the fragment header. */
	nhoffset = 0;
	/** IPFRAG_ECN_* bits of the fragments. */
	ecn = 0;

	/** @param fqdir directory it belongs to */
	constructor(fqdir: fqdir) {
		super(fqdir);
	}
}

/** sizeof(struct frag_queue) */
export const FRAG_QUEUE_SIZE = 184;

/**
 * Makes a queue.
 * @kernel include/net/ipv6_frag.h:31 (v5.10)
 */
export function ip6frag_init(fqdir: fqdir, a: frag_compare_key): inet_frag_queue {
	const key = a as frag_v6_compare_key;
	const fq = new frag_queue(fqdir);

	fq.v6.saddr.set(key.saddr);
	fq.v6.daddr.set(key.daddr);
	fq.v6.user = key.user;
	fq.v6.id = key.id;
	fq.v6.iif = key.iif;
	return fq;
}

/* The key as words, to be hashed. */
const key_words = new Uint32Array(11);

/**
 * Hash of a key.
 * @kernel include/net/ipv6_frag.h:40 (v5.10)
 */
export function ip6frag_key_hashfn(data: frag_compare_key, seed: number): number {
	const key = data as frag_v6_compare_key;

	for (let i = 0; i < 4; i++) {
		key_words[i] = get_unaligned_be32(key.saddr, i * 4);
		key_words[4 + i] = get_unaligned_be32(key.daddr, i * 4);
	}
	key_words[8] = key.user;
	key_words[9] = key.id;
	key_words[10] = key.iif;
	return jhash2(key_words, 11, seed);
}

/**
 * Tells whether a queue has a key. PORT: true where C has 0.
 * @kernel include/net/ipv6_frag.h:55 (v5.10)
 */
export function ip6frag_obj_cmpfn(fq: inet_frag_queue, data: frag_compare_key): boolean {
	const key = data as frag_v6_compare_key;
	const { v6 } = fq as frag_queue;

	return (
		v6.id === key.id &&
		v6.user === key.user &&
		v6.iif === key.iif &&
		ipv6_addr_equal(v6.saddr, key.saddr) &&
		ipv6_addr_equal(v6.daddr, key.daddr)
	);
}
