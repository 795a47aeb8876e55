/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/inet6_hashtables.h, base v5.10: comparing and hashing sockets by IPv6 addresses.
 *
 * PORT: __inet6_lookup() and __inet6_lookup_skb() are at the top of net/ipv6/inet6_hashtables.ts.
 */
import { jhash_3words } from '../linux/jhash.ts';
import { AF_INET6 } from '../linux/socket.ts';
import { ipv6_addr_equal } from './ipv6.ts';
import type { net } from './net_namespace.ts';
import type { sock_common } from './sock.ts';

/**
 * Hash of a connection's addresses and ports.
 * @param lhash hash of the local address
 * @param lport host order
 * @param fhash hash of the foreign address
 * @param fport network order
 * @kernel include/net/inet6_hashtables.h:27 (v5.10)
 */
export function __inet6_ehashfn(
	lhash: number,
	lport: number,
	fhash: number,
	fport: number,
	initval: number,
): number {
	return jhash_3words(lhash, fhash, ((lport << 16) | fport) >>> 0, initval);
}

/**
 * Tells whether a socket is the one of a connection. Addresses are given as a packet to the socket has them.
 * @param saddr foreign address, 16 bytes at soff
 * @param sport foreign port, network order
 * @param daddr local address, 16 bytes at doff
 * @param hnum local port, host order
 * @kernel PORT: the macro INET6_MATCH of include/net/inet6_hashtables.h
 */
export function INET6_MATCH(
	sk: sock_common,
	net: net,
	saddr: Uint8Array,
	soff: number,
	daddr: Uint8Array,
	doff: number,
	sport: number,
	hnum: number,
	dif: number,
	sdif: number,
): boolean {
	return (
		sk.sk_dport === sport &&
		sk.sk_num === hnum &&
		sk.sk_family === AF_INET6 &&
		ipv6_addr_equal(sk.sk_v6_daddr, saddr, 0, soff) &&
		ipv6_addr_equal(sk.sk_v6_rcv_saddr, daddr, 0, doff) &&
		(sk.sk_bound_dev_if === dif || sk.sk_bound_dev_if === sdif) &&
		sk.sk_net === net
	);
}
