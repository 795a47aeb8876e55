/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/icmp.h with include/linux/icmp.h, base v5.10: what ICMP errors mean to sockets.
 *
 * PORT: icmp_send() and icmp_ndo_send() need net/ipv4/icmp.c and live there.
 * Not ported: SNMP counters.
 */
import {
	ICMP_DEST_UNREACH,
	ICMP_PARAMETERPROB,
	ICMP_REDIRECT,
	ICMP_SOURCE_QUENCH,
	ICMP_TIME_EXCEEDED,
} from '../uapi/linux/icmp.ts';

/** Meaning of a destination unreachable code. */
export interface icmp_err {
	/** Positive errno. */
	errno: number;
	/** The connection cannot recover. */
	fatal: boolean;
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
