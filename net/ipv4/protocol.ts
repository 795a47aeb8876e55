// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/protocol.c, base v5.10: the tables of protocols over IPv4.
 */
import type { Machine } from '../../include/linux/machine.ts';
import {
	inet_offloads,
	inet_protos,
	type net_offload,
	type net_protocol,
} from '../../include/net/protocol.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';

/**
 * Gives a protocol number to a handler.
 * @returns 0, -EINVAL for a protocol that knows no namespaces, -1 when the number is taken
 * @kernel net/ipv4/protocol.c:32 (v5.10)
 */
export function inet_add_protocol(m: Machine, prot: net_protocol, protocol: number): number {
	if (!prot.netns_ok) return -EINVAL;
	const t = inet_protos.of(m);
	if (t[protocol] !== null) return -1;
	t[protocol] = prot;
	return 0;
}

/**
 * Gives a protocol number to an offload.
 * @returns 0, or -1 when the number is taken
 * @kernel net/ipv4/protocol.c:45 (v5.10)
 */
export function inet_add_offload(m: Machine, prot: net_offload, protocol: number): number {
	const t = inet_offloads.of(m);
	if (t[protocol] !== null) return -1;
	t[protocol] = prot;
	return 0;
}

/**
 * Takes a protocol number from a handler.
 * @returns 0, or -1 when the number was not its
 * @kernel net/ipv4/protocol.c:52 (v5.10)
 */
export function inet_del_protocol(m: Machine, prot: net_protocol, protocol: number): number {
	const t = inet_protos.of(m);
	if (t[protocol] !== prot) return -1;
	t[protocol] = null;
	return 0;
}

/**
 * Takes a protocol number from an offload.
 * @returns 0, or -1 when the number was not its
 * @kernel net/ipv4/protocol.c:65 (v5.10)
 */
export function inet_del_offload(m: Machine, prot: net_offload, protocol: number): number {
	const t = inet_offloads.of(m);
	if (t[protocol] !== prot) return -1;
	t[protocol] = null;
	return 0;
}
