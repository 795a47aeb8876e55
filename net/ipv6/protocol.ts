// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/protocol.c, base v5.10: which transport takes which next header.
 *
 * PORT: the tables inet6_protos and inet6_offloads are declared in include/net/protocol.ts.
 */
import type { Machine } from '../../include/linux/machine.ts';
import {
	inet6_offloads,
	inet6_protos,
	type inet6_protocol,
	type net_offload,
} from '../../include/net/protocol.ts';

/**
 * Registers the handler of a next header value.
 * @returns 0, or -1 when it has one
 * @kernel net/ipv6/protocol.c:28 (v5.10)
 */
export function inet6_add_protocol(m: Machine, prot: inet6_protocol, protocol: number): number {
	const protos = inet6_protos.of(m);
	if (protos[protocol] !== null) return -1;
	protos[protocol] = prot;
	return 0;
}

/**
 * Takes a handler away.
 * @returns 0, or -1 when it was not this one
 * @kernel net/ipv6/protocol.c:35 (v5.10)
 */
export function inet6_del_protocol(m: Machine, prot: inet6_protocol, protocol: number): number {
	const protos = inet6_protos.of(m);
	if (protos[protocol] !== prot) return -1;
	protos[protocol] = null;
	return 0;
}

/**
 * Registers the segmentation of a next header value.
 * @returns 0, or -1 when it has one
 * @kernel net/ipv6/protocol.c:52 (v5.10)
 */
export function inet6_add_offload(m: Machine, prot: net_offload, protocol: number): number {
	const offloads = inet6_offloads.of(m);
	if (offloads[protocol] !== null) return -1;
	offloads[protocol] = prot;
	return 0;
}

/**
 * Takes a segmentation away.
 * @returns 0, or -1 when it was not this one
 * @kernel net/ipv6/protocol.c:59 (v5.10)
 */
export function inet6_del_offload(m: Machine, prot: net_offload, protocol: number): number {
	const offloads = inet6_offloads.of(m);
	if (offloads[protocol] !== prot) return -1;
	offloads[protocol] = null;
	return 0;
}
