/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/inet_ecn.h, base v5.10: explicit congestion notification in the IP header.
 *
 * Not ported: encapsulation, changing packets' marks: no queue of this world marks packets.
 */
import { inet_sk } from './inet_sock.ts';
import type { sock } from './sock.ts';

export const INET_ECN_NOT_ECT = 0;
export const INET_ECN_ECT_1 = 1;
export const INET_ECN_ECT_0 = 2;
export const INET_ECN_CE = 3;
export const INET_ECN_MASK = 3;

/**
 * Tells whether a traffic class says that congestion was met.
 * @kernel include/net/inet_ecn.h:22 (v5.10)
 */
export function INET_ECN_is_ce(dsfield: number): boolean {
	return (dsfield & INET_ECN_MASK) === INET_ECN_CE;
}

/**
 * Tells whether a traffic class says that the sender does not know ECN.
 * @kernel include/net/inet_ecn.h:27 (v5.10)
 */
export function INET_ECN_is_not_ect(dsfield: number): boolean {
	return (dsfield & INET_ECN_MASK) === INET_ECN_NOT_ECT;
}

/**
 * Tells whether a traffic class says that the sender knows ECN.
 * @kernel include/net/inet_ecn.h:32 (v5.10)
 */
export function INET_ECN_is_capable(dsfield: number): boolean {
	return (dsfield & INET_ECN_ECT_0) !== 0;
}

/**
 * Makes a socket send packets as ECN capable.
 * @kernel include/net/inet_ecn.h:53 (v5.10)
 */
export function INET_ECN_xmit(sk: sock): void {
	const inet = inet_sk(sk);

	inet.tos |= INET_ECN_ECT_0;
	if (inet.pinet6 !== null) inet.pinet6.tclass |= INET_ECN_ECT_0;
}

/**
 * Makes a socket send packets as not ECN capable.
 * @kernel include/net/inet_ecn.h:60 (v5.10)
 */
export function INET_ECN_dontxmit(sk: sock): void {
	const inet = inet_sk(sk);

	inet.tos &= ~INET_ECN_MASK;
	if (inet.pinet6 !== null) inet.pinet6.tclass &= ~INET_ECN_MASK;
}

/**
 * A flow's traffic class and label without congestion bits.
 * @param label network order
 * @kernel PORT: the macro IP6_ECN_flow_init of include/net/inet_ecn.h
 */
export function IP6_ECN_flow_init(label: number): number {
	return (label & ~(INET_ECN_MASK << 20)) >>> 0;
}

/**
 * A flow's traffic class and label, with the bit that says the socket knows ECN.
 * @param label network order
 * @kernel PORT: the macro IP6_ECN_flow_xmit of include/net/inet_ecn.h
 */
export function IP6_ECN_flow_xmit(sk: sock, label: number): number {
	const np = inet_sk(sk).pinet6;

	return np !== null && INET_ECN_is_capable(np.tclass)
		? (label | (INET_ECN_ECT_0 << 20)) >>> 0
		: label;
}
