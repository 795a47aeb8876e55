/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/arp.h, base v5.10.
 *
 * PORT: the table itself is made here, so that route.ts and others need not import net/ipv4/arp.ts; arp_init()
 * gives it its constructor. A device counts in the hash by its index instead of its address, so that runs
 * repeat.
 */
import { HZ, machine_var } from '../linux/machine.ts';
import { htonl } from '../linux/byteorder/generic.ts';
import type { net_device } from '../linux/netdevice.ts';
import { AF_INET } from '../linux/socket.ts';
import type { __be32, u32 } from '../linux/types.ts';
import { EINVAL } from '../uapi/linux/errno.ts';
import { ETH_P_IP } from '../uapi/linux/if_ether.ts';
import { IFF_LOOPBACK, IFF_POINTOPOINT } from '../uapi/linux/if.ts';
import {
	neigh_hash_table,
	type neigh_key,
	neigh_key_eq32,
	neigh_table,
	NEIGH_VAR_ANYCAST_DELAY,
	NEIGH_VAR_BASE_REACHABLE_TIME,
	NEIGH_VAR_DELAY_PROBE_TIME,
	NEIGH_VAR_GC_STALETIME,
	NEIGH_VAR_LOCKTIME,
	NEIGH_VAR_MCAST_PROBES,
	NEIGH_VAR_PROXY_DELAY,
	NEIGH_VAR_PROXY_QLEN,
	NEIGH_VAR_QUEUE_LEN_BYTES,
	NEIGH_VAR_RETRANS_TIME,
	NEIGH_VAR_UCAST_PROBES,
	type neighbour,
} from './neighbour.ts';

/* include/net/sock.h SK_WMEM_MAX, 64-bit */
const SK_WMEM_MAX = 212992;

/**
 * Hash of an IPv4 key.
 * @param pkey IPv4 address, network order
 * @kernel include/net/arp.h:13 (v5.10)
 */
export function arp_hashfn(pkey: neigh_key, dev: net_device, hash_rnd: Uint32Array): u32 {
	const val = (pkey as number) ^ Math.imul(dev.ifindex, 0x61c88647);
	return Math.imul(val, hash_rnd[0]) >>> 0;
}

/** The IPv4 neighbours of a machine. */
export const arp_tbl = machine_var(
	(m) =>
		new neigh_table(
			m,
			{
				family: AF_INET,
				key_len: 4,
				protocol: ETH_P_IP,
				hash: arp_hashfn,
				key_eq: neigh_key_eq32,
				constructor_: () => -EINVAL,
				is_multicast: (pkey) => (pkey as number) >>> 28 === 14,
				id: 'arp_cache',
				parms: [
					[NEIGH_VAR_MCAST_PROBES, 3],
					[NEIGH_VAR_UCAST_PROBES, 3],
					[NEIGH_VAR_RETRANS_TIME, HZ],
					[NEIGH_VAR_BASE_REACHABLE_TIME, 30 * HZ],
					[NEIGH_VAR_DELAY_PROBE_TIME, 5 * HZ],
					[NEIGH_VAR_GC_STALETIME, 60 * HZ],
					[NEIGH_VAR_QUEUE_LEN_BYTES, SK_WMEM_MAX],
					[NEIGH_VAR_PROXY_QLEN, 64],
					[NEIGH_VAR_ANYCAST_DELAY, HZ],
					[NEIGH_VAR_PROXY_DELAY, (8 * HZ) / 10],
					[NEIGH_VAR_LOCKTIME, HZ],
				],
				reachable_time: 30 * HZ,
				gc_interval: 30 * HZ,
				gc_thresh1: 128,
				gc_thresh2: 512,
				gc_thresh3: 1024,
			},
			new neigh_hash_table(3),
		),
);

/**
 * Finds the neighbour of an IPv4 address without taking a reference.
 * PORT: ___neigh_lookup_noref() stands here with hash and comparison in their places, as it is inlined in C.
 * @param key network order
 * @kernel include/net/arp.h:22 (v5.10)
 */
export function __ipv4_neigh_lookup_noref(dev: net_device, key: __be32): neighbour | null {
	if ((dev.flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) !== 0) key = htonl(0);
	const { nht } = arp_tbl.of(dev.machine);
	let n = nht.hash_buckets[arp_hashfn(key, dev, nht.hash_rnd) >>> (32 - nht.hash_shift)];
	while (n !== null && (n.dev !== dev || n.key32 !== key)) n = n.next;
	return n;
}

/**
 * Finds the neighbour of an IPv4 address.
 * @param key network order
 * @returns a referenced neighbour or null
 * @kernel include/net/arp.h:37 (v5.10)
 */
export function __ipv4_neigh_lookup(dev: net_device, key: __be32): neighbour | null {
	const n = __ipv4_neigh_lookup_noref(dev, key);
	if (n !== null) n.refcnt++;
	return n;
}

/**
 * A packet of a neighbour shows that it is there.
 * @param key network order
 * @kernel include/net/arp.h:50 (v5.10)
 */
export function __ipv4_confirm_neigh(dev: net_device, key: __be32): void {
	const n = __ipv4_neigh_lookup_noref(dev, key);
	if (n === null) return;
	const now = dev.machine.jiffies;
	if (n.confirmed !== now) n.confirmed = now;
}

/* struct arphdr, include/uapi/linux/if_arp.h */
export const ARPHDR_ar_hrd = 0;
export const ARPHDR_ar_pro = 2;
export const ARPHDR_ar_hln = 4;
export const ARPHDR_ar_pln = 5;
export const ARPHDR_ar_op = 6;
/** sizeof(struct arphdr) */
export const ARPHDR_LEN = 8;
