// SPDX-License-Identifier: GPL-2.0
/*
 * net/core/secure_seq.c, base v5.10: sequence numbers, timestamp offsets and ports that nobody can guess.
 *
 * PORT: the keyed hash is jhash over a secret of the machine's generator instead of siphash; the same seed
 * gives the same numbers. Addresses are given with an offset, so that they may lie in a packet.
 * Not ported: DCCP.
 */
import { jhash_2words, jhash_3words } from '../../include/linux/jhash.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { get_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';

const net_secret = machine_var((m) => m.random_u32());
const ts_secret = machine_var((m) => m.random_u32());

/**
 * Lets initial sequence numbers grow with time, one each 64 ns.
 * @kernel net/core/secure_seq.c:37 (v5.10)
 */
function seq_scale(m: Machine, seq: number): number {
	const boot = (m.boot_realtime_ns % 2 ** 38) / 64;

	return (seq + boot + Math.floor(m.now_ns / 64)) >>> 0;
}

/**
 * Mixes an IPv6 address into a hash.
 * @kernel PORT: part of siphash over a structure of addresses
 */
function hash_in6(a: Uint8Array, off: number, initval: number): number {
	return jhash_2words(
		get_unaligned_be32(a, off + 12),
		0,
		jhash_3words(
			get_unaligned_be32(a, off),
			get_unaligned_be32(a, off + 4),
			get_unaligned_be32(a, off + 8),
			initval,
		),
	);
}

/**
 * Offset of the timestamps between two IPv6 hosts; addresses of 16 bytes.
 * @kernel net/core/secure_seq.c:54 (v5.10)
 */
export function secure_tcpv6_ts_off(
	net: net,
	saddr: Uint8Array,
	daddr: Uint8Array,
	soff = 0,
	doff = 0,
): number {
	if (net.ipv4.sysctl_tcp_timestamps !== 1) return 0;

	return hash_in6(daddr, doff, hash_in6(saddr, soff, ts_secret.of(net.machine)));
}

/**
 * Initial sequence number of a connection over IPv6; ports in network order.
 * @kernel net/core/secure_seq.c:74 (v5.10)
 */
export function secure_tcpv6_seq(
	m: Machine,
	saddr: Uint8Array,
	daddr: Uint8Array,
	sport: number,
	dport: number,
	soff = 0,
	doff = 0,
): number {
	const hash = hash_in6(daddr, doff, hash_in6(saddr, soff, net_secret.of(m)));

	return seq_scale(m, jhash_2words(((sport << 16) | dport) >>> 0, 1, hash));
}

/**
 * Where the search for a free port begins, IPv6.
 * @kernel net/core/secure_seq.c:97 (v5.10)
 */
export function secure_ipv6_port_ephemeral(
	m: Machine,
	saddr: Uint8Array,
	daddr: Uint8Array,
	dport: number,
): number {
	const hash = hash_in6(daddr, 0, hash_in6(saddr, 0, net_secret.of(m)));

	return jhash_2words(dport, 2, hash);
}

/**
 * Offset of the timestamps between two IPv4 hosts; addresses in network order.
 * @kernel net/core/secure_seq.c:117 (v5.10)
 */
export function secure_tcp_ts_off(net: net, saddr: number, daddr: number): number {
	if (net.ipv4.sysctl_tcp_timestamps !== 1) return 0;

	return jhash_2words(saddr, daddr, ts_secret.of(net.machine));
}

/**
 * Initial sequence number of a connection over IPv4; all in network order.
 * @kernel net/core/secure_seq.c:132 (v5.10)
 */
export function secure_tcp_seq(
	m: Machine,
	saddr: number,
	daddr: number,
	sport: number,
	dport: number,
): number {
	const hash = jhash_3words(
		saddr,
		daddr,
		((sport << 16) | dport) >>> 0,
		net_secret.of(m),
	);

	return seq_scale(m, hash);
}

/**
 * Where the search for a free port begins, IPv4; all in network order.
 * @kernel net/core/secure_seq.c:145 (v5.10)
 */
export function secure_ipv4_port_ephemeral(
	m: Machine,
	saddr: number,
	daddr: number,
	dport: number,
): number {
	return jhash_3words(saddr, daddr, dport, net_secret.of(m));
}
