/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/raw.h, base v5.10: raw sockets.
 * Not ported: multicast routing tables.
 */
import type { net } from './net_namespace.ts';
import { hlist_nulls_head } from '../linux/list_nulls.ts';
import { machine_var } from '../linux/machine.ts';
import { inet_bound_dev_eq, inet_sock } from './inet_sock.ts';
import { MAX_INET_PROTOS } from './protocol.ts';
import type { proto, sock, sock_common } from './sock.ts';

export const RAW_HTABLE_SIZE = MAX_INET_PROTOS;

/** Raw sockets of one family, by protocol number. */
export class raw_hashinfo {
	readonly ht: hlist_nulls_head<sock_common>[] = Array.from(
		{ length: RAW_HTABLE_SIZE },
		() => new hlist_nulls_head<sock_common>(),
	);
}

export const raw_v4_hashinfo = machine_var(() => new raw_hashinfo());

/** A raw IPv4 socket. */
export class raw_sock extends inet_sock {
	/** ICMP_FILTER: bit n set drops type n. PORT: the only member of icmp_filter. */
	filter = 0;

	/**
	 * @param net namespace it lives in
	 * @param prot its protocol
	 */
	constructor(net: net, prot: proto) {
		super(net, prot);
	}
}

/**
 * The raw half of a socket.
 * @kernel include/net/raw.h:69 (v5.10)
 */
export function raw_sk(sk: sock): raw_sock {
	return sk as raw_sock;
}

/**
 * Tells whether a socket bound to an interface takes packets of another.
 * @kernel include/net/raw.h:74 (v5.10)
 */
export function raw_sk_bound_dev_eq(
	net: net,
	bound_dev_if: number,
	dif: number,
	sdif: number,
): boolean {
	return inet_bound_dev_eq(net.ipv4.sysctl_raw_l3mdev_accept !== 0, bound_dev_if, dif, sdif);
}
