/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/icmp.h with include/linux/icmp.h, base v5.10: what ICMP errors mean to sockets.
 *
 * PORT: net/ipv4/icmp.c and the files that send errors (ip_output.c, ip_options.c, ip_fragment.c, route.c)
 * call each other in C; here icmp_send() reaches icmp.ts through the ipv4_stub, which icmp_init() fills,
 * and icmp_out_count() is here.
 * Not ported: icmp_ndo_send() (for tunnel devices).
 */
import { htonl } from '../linux/byteorder/generic.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import {
	ECONNREFUSED,
	EHOSTDOWN,
	EHOSTUNREACH,
	EMSGSIZE,
	ENETUNREACH,
	ENONET,
	ENOPROTOOPT,
	EOPNOTSUPP,
} from '../uapi/linux/errno.ts';
import { ipv4_stub } from './ipv4_stubs.ts';
import type { net } from './net_namespace.ts';
import { ICMP_INC_STATS, ICMPMSGOUT_INC_STATS } from './snmp.ts';
import {
	ICMP_DEST_UNREACH,
	ICMP_PARAMETERPROB,
	ICMP_REDIRECT,
	ICMP_SOURCE_QUENCH,
	ICMP_TIME_EXCEEDED,
} from '../uapi/linux/icmp.ts';
import { ICMP_MIB_OUTMSGS } from '../uapi/linux/snmp.ts';

/** Meaning of a destination unreachable code. */
export interface icmp_err {
	/** Positive errno. */
	errno: number;
	/** The connection cannot recover. */
	fatal: boolean;
}

/** What destination unreachable codes mean; net/ipv4/icmp.c. */
export const icmp_err_convert: readonly icmp_err[] = [
	{ errno: ENETUNREACH, fatal: false },
	{ errno: EHOSTUNREACH, fatal: false },
	{ errno: ENOPROTOOPT, fatal: true },
	{ errno: ECONNREFUSED, fatal: true },
	{ errno: EMSGSIZE, fatal: false },
	{ errno: EOPNOTSUPP, fatal: false },
	{ errno: ENETUNREACH, fatal: true },
	{ errno: EHOSTDOWN, fatal: true },
	{ errno: ENONET, fatal: true },
	{ errno: ENETUNREACH, fatal: true },
	{ errno: EHOSTUNREACH, fatal: true },
	{ errno: ENETUNREACH, fatal: false },
	{ errno: EHOSTUNREACH, fatal: false },
	{ errno: EHOSTUNREACH, fatal: true },
	{ errno: EHOSTUNREACH, fatal: true },
	{ errno: EHOSTUNREACH, fatal: true },
];

/**
 * Answers a packet with an ICMP error, unless rules or rate limits forbid it.
 * @param skb_in packet with a destination and an IP header
 * @param type ICMP_DEST_UNREACH and the like
 * @param code of the type
 * @param info word behind the checksum: MTU, gateway, pointer; network order
 * @kernel include/net/icmp.h:41 (v5.10)
 */
export function icmp_send(skb_in: sk_buff, type: number, code: number, info: number): void {
	ipv4_stub.of(skb_in.machine).icmp_send(skb_in, type, code, htonl(info));
}

/**
 * Counts a message sent.
 * @param type ICMP_ECHO and the like
 * @kernel PORT: net/ipv4/icmp.c icmp_out_count, whose callers icmp.ts imports
 */
export function icmp_out_count(net: net, type: number): void {
	ICMPMSGOUT_INC_STATS(net, type);
	ICMP_INC_STATS(net, ICMP_MIB_OUTMSGS);
}

/**
 * Tells whether an ICMP type is an error.
 * @kernel include/linux/icmp.h:25 (v5.10)
 */
export function icmp_is_err(type: number): boolean {
	switch (type) {
		case ICMP_DEST_UNREACH:
		case ICMP_SOURCE_QUENCH:
		case ICMP_REDIRECT:
		case ICMP_TIME_EXCEEDED:
		case ICMP_PARAMETERPROB:
			return true;
	}
	return false;
}
