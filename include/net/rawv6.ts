/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/rawv6.h, base v5.10: raw IPv6 sockets.
 *
 * PORT: struct raw6_sock of include/linux/ipv6.h is here, because it extends inet_sock.
 * Not ported: multicast routing tables, the filter of mobile IPv6.
 */
import { machine_var } from '../linux/machine.ts';
import { icmp6_filter } from '../uapi/linux/icmpv6.ts';
import { inet_sock } from './inet_sock.ts';
import type { net } from './net_namespace.ts';
import { raw_hashinfo } from './raw.ts';
import type { proto, sock } from './sock.ts';

export const raw_v6_hashinfo = machine_var(() => new raw_hashinfo());

/** A raw IPv6 socket. */
export class raw6_sock extends inet_sock {
	/** Whether checksums are made and checked. */
	checksum = false;
	/** Where the checksum is in the payload, bytes. */
	offset = 0;
	/** ICMPV6_FILTER: bit n set drops type n. */
	readonly filter = new icmp6_filter();

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
 * @kernel include/linux/ipv6.h:332 (v5.10)
 */
export function raw6_sk(sk: sock): raw6_sock {
	return sk as raw6_sock;
}
