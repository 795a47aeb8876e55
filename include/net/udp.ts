/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/udp.h, base v5.10: the table of UDP sockets, shared by both families.
 *
 * PORT: UDP_SKB_CB(skb)->cscov is `skb.cb0`; udp_dev_scratch is `skb.cb1` (truesize and state). The
 * inlines over checksums and queues live in net/ipv4/udp.ts.
 * The macros that count are in snmp.ts.
 * Not ported: UDP-Lite, GRO.
 */
import type { net } from './net_namespace.ts';
import type { __be32, __sum16, __wsum } from '../linux/types.ts';
import { hlist_head } from '../linux/list.ts';
import { hlist_nulls_head } from '../linux/list_nulls.ts';
import { machine_var } from '../linux/machine.ts';
import { udp_hashfn, UDP_HTABLE_SIZE_MIN } from '../linux/udp.ts';
import { csum_tcpudp_magic } from './checksum.ts';
import { inet_bound_dev_eq } from './inet_sock.ts';
import type { sock_common } from './sock.ts';
import { IPPROTO_UDP } from '../uapi/linux/in.ts';

/** One slot of the table by port. */
export class udp_hslot {
	readonly head = new hlist_nulls_head<sock_common>();
	count = 0;
}

/** One slot of the table by address and port; sockets hang on it by sk_bind_node (skc_portaddr_node). */
export class udp_hslot2 {
	readonly head = new hlist_head<sock_common>();
	count = 0;
}

/** UDP sockets by port (hash) and by address and port (hash2). */
export class udp_table {
	readonly hash: udp_hslot[];
	/** PORT: slots of their own type, sockets hang in them by another link. */
	readonly hash2: udp_hslot2[];
	readonly mask: number;
	readonly log: number;

	/** @param size slots, a power of two */
	constructor(size: number) {
		this.hash = Array.from({ length: size }, () => new udp_hslot());
		this.hash2 = Array.from({ length: size }, () => new udp_hslot2());
		this.mask = size - 1;
		this.log = 31 - Math.clz32(size);
	}
}

/** The table of a machine; `udp_table` in C. */
export const udp_table_global = machine_var(() => new udp_table(UDP_HTABLE_SIZE_MIN));

/**
 * Slot of a port.
 * @param num local port, host order
 * @kernel include/net/udp.h:80 (v5.10)
 */
export function udp_hashslot(table: udp_table, net: net, num: number): udp_hslot {
	return table.hash[udp_hashfn(net, num, table.mask)];
}

/**
 * Slot of an address and port.
 * @param hash of both, see ipv4_portaddr_hash()
 * @kernel include/net/udp.h:89 (v5.10)
 */
export function udp_hashslot2(table: udp_table, hash: number): udp_hslot2 {
	return table.hash2[(hash & table.mask) >>> 0];
}

/**
 * Completes a UDP checksum over IPv4.
 * @param len UDP header and payload, bytes
 * @param base sum of both
 * @kernel include/net/udp.h:149 (v5.10)
 */
export function udp_v4_check(len: number, saddr: __be32, daddr: __be32, base: __wsum): __sum16 {
	return csum_tcpudp_magic(saddr, daddr, len, IPPROTO_UDP, base);
}

/**
 * Tells whether a socket bound to an interface takes packets of another.
 * @kernel include/net/udp.h:258 (v5.10)
 */
export function udp_sk_bound_dev_eq(
	net: net,
	bound_dev_if: number,
	dif: number,
	sdif: number,
): boolean {
	return inet_bound_dev_eq(net.ipv4.sysctl_udp_l3mdev_accept !== 0, bound_dev_if, dif, sdif);
}
