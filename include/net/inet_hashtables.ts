/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/inet_hashtables.h, base v5.10: the tables in which TCP finds sockets and ports.
 *
 * PORT: __inet_lookup() and its kin are at the top of net/ipv4/inet_hashtables.ts, __inet6_lookup() at that
 * of net/ipv6/inet6_hashtables.ts. Bucket locks and nulls markers are gone. Table sizes are fixed; the order
 * in a chain is the kernel's.
 */
import { hlist_head, hlist_node } from '../linux/list.ts';
import { hlist_nulls_head } from '../linux/list_nulls.ts';
import { htonl } from '../linux/byteorder/generic.ts';
import type { __be32 } from '../linux/types.ts';
import type { inet_connection_sock } from './inet_connection_sock.ts';
import { net_hash_mix } from './ip.ts';
import type { net } from './net_namespace.ts';
import type { sock_common } from './sock.ts';

export const FASTREUSEPORT_ANY = 1;
export const FASTREUSEPORT_STRICT = 2;

/** A local port in use, and the sockets that use it. */
export class inet_bind_bucket {
	ib_net: net;
	l3mdev: number;
	/** Host order. */
	port: number;
	/** 1: all owners have SO_REUSEADDR and none listens. */
	fastreuse = 0;
	fastreuseport = 0;
	fastuid = 0;
	readonly fast_v6_rcv_saddr = new Uint8Array(16);
	fast_rcv_saddr: __be32 = htonl(0);
	fast_sk_family = 0;
	fast_ipv6_only = false;
	readonly node: hlist_node<inet_bind_bucket> = new hlist_node<inet_bind_bucket>(this);
	readonly owners = new hlist_head<sock_common>();

	constructor(net: net, port: number, l3mdev: number) {
		this.ib_net = net;
		this.port = port;
		this.l3mdev = l3mdev;
	}
}

/** Listeners of one hash value. */
export class inet_listen_hashbucket<T> {
	count = 0;
	readonly head: T;

	constructor(head: T) {
		this.head = head;
	}
}

export const INET_LHTABLE_SIZE = 32;
const INET_EHASH_SIZE = 4096;
const INET_BHASH_SIZE = 4096;
const INET_LHASH2_SIZE = 64;

/** Tables of a protocol. */
export class inet_hashinfo {
	/** PORT: a bucket is its list. */
	readonly ehash: hlist_nulls_head<sock_common>[];
	readonly ehash_mask = INET_EHASH_SIZE - 1;
	/** PORT: a bucket is its list. */
	readonly bhash: hlist_head<inet_bind_bucket>[];
	readonly bhash_size = INET_BHASH_SIZE;
	/** Bind buckets that exist. */
	bind_buckets = 0;
	readonly lhash2_mask = INET_LHASH2_SIZE - 1;
	readonly lhash2: inet_listen_hashbucket<hlist_head<inet_connection_sock>>[];
	readonly listening_hash: inet_listen_hashbucket<hlist_nulls_head<sock_common>>[];

	constructor() {
		this.ehash = Array.from(
			{ length: INET_EHASH_SIZE },
			() => new hlist_nulls_head<sock_common>(),
		);
		this.bhash = Array.from(
			{ length: INET_BHASH_SIZE },
			() => new hlist_head<inet_bind_bucket>(),
		);
		this.lhash2 = Array.from(
			{ length: INET_LHASH2_SIZE },
			() => new inet_listen_hashbucket(new hlist_head<inet_connection_sock>()),
		);
		this.listening_hash = Array.from(
			{ length: INET_LHTABLE_SIZE },
			() => new inet_listen_hashbucket(new hlist_nulls_head<sock_common>()),
		);
	}
}

/**
 * Bucket of a hash of port and address.
 * @kernel include/net/inet_hashtables.h:167 (v5.10)
 */
export function inet_lhash2_bucket(
	h: inet_hashinfo,
	hash: number,
): inet_listen_hashbucket<hlist_head<inet_connection_sock>> {
	return h.lhash2[hash & h.lhash2_mask];
}

/**
 * Bucket of a hash of both addresses and ports.
 * @kernel include/net/inet_hashtables.h:172 (v5.10)
 */
export function inet_ehash_bucket(
	hashinfo: inet_hashinfo,
	hash: number,
): hlist_nulls_head<sock_common> {
	return hashinfo.ehash[hash & hashinfo.ehash_mask];
}

/**
 * Tells whether a socket takes packets that came in by a device.
 * @param dif the device, or its VRF
 * @param sdif the device when dif is its VRF, else 0
 * @kernel include/net/inet_hashtables.h:200 (v5.10)
 */
export function inet_sk_bound_dev_eq(
	net: net,
	bound_dev_if: number,
	dif: number,
	sdif: number,
): boolean {
	if (bound_dev_if === 0) return sdif === 0 || net.ipv4.sysctl_tcp_l3mdev_accept !== 0;
	return bound_dev_if === dif || bound_dev_if === sdif;
}

/**
 * Bind hash of a local port.
 * @param lport host order
 * @kernel include/net/inet_hashtables.h:218 (v5.10)
 */
export function inet_bhashfn(net: net, lport: number, bhash_size: number): number {
	return (lport + net_hash_mix(net)) & (bhash_size - 1);
}

/**
 * Listener hash of a local port.
 * @param num host order
 * @kernel include/net/inet_hashtables.h:228 (v5.10)
 */
export function inet_lhashfn(net: net, num: number): number {
	return (num + net_hash_mix(net)) & (INET_LHTABLE_SIZE - 1);
}

/**
 * Sets the foreign address, in its IPv6 form as well.
 * @param addr network order
 * @kernel include/net/inet_hashtables.h:381 (v5.10)
 */
export function sk_daddr_set(sk: sock_common, addr: __be32): void {
	sk.sk_daddr = addr;
	v4mapped(sk.sk_v6_daddr, addr);
}

/**
 * Sets the bound local address, in its IPv6 form as well.
 * @param addr network order
 * @kernel include/net/inet_hashtables.h:389 (v5.10)
 */
export function sk_rcv_saddr_set(sk: sock_common, addr: __be32): void {
	sk.sk_rcv_saddr = addr;
	v4mapped(sk.sk_v6_rcv_saddr, addr);
}

/**
 * Writes an IPv4 address as ::ffff:a.b.c.d.
 * @kernel PORT: include/net/ipv6.h:844 ipv6_addr_set_v4mapped, kept here to import nothing of IPv6
 */
function v4mapped(to: Uint8Array, addr: number): void {
	to.fill(0, 0, 10);
	to[10] = 0xff;
	to[11] = 0xff;
	to[12] = addr >>> 24;
	to[13] = addr >>> 16;
	to[14] = addr >>> 8;
	to[15] = addr;
}
