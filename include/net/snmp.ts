/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/snmp.h with the counting macros of include/net/ip.h, icmp.h, tcp.h, udp.h and ipv6.h, base v5.10:
 * protocol counters, indexed by the names of include/uapi/linux/snmp.h.
 *
 * PORT: one CPU, so a macro with two leading underscores does what the one without does, which stands for both.
 * There is no UDP-Lite to tell apart.
 */
import type { inet6_dev } from './if_inet6.ts';
import type { net } from './net_namespace.ts';

/** A file's counters: names as it prints them, and indices. PORT: an array of struct snmp_mib, without its sentinel. */
export type snmp_mib = readonly (readonly [string, number])[];

/**
 * Counts one more of an ICMP type.
 * @kernel PORT: SNMP_INC_STATS_ATOMIC_LONG()
 */
function count_type(counts: Map<number, number>, type: number): void {
	counts.set(type, (counts.get(type) ?? 0) + 1);
}

/**
 * Counts one: IPSTATS_MIB_*, IPv4.
 * @kernel include/net/ip.h:282 (v5.10)
 */
export function IP_INC_STATS(net: net, field: number): void {
	net.mib.ip_statistics[field]++;
}

/**
 * Counts several: IPSTATS_MIB_*, IPv4.
 * @kernel include/net/ip.h:284 (v5.10)
 */
export function IP_ADD_STATS(net: net, field: number, val: number): void {
	net.mib.ip_statistics[field] += val;
}

/**
 * Counts a packet and its bytes. PORT: C pastes both names from one.
 * @kernel include/net/ip.h:286 (v5.10)
 */
export function IP_UPD_PO_STATS(net: net, pkts: number, octets: number, val: number): void {
	const { ip_statistics } = net.mib;
	ip_statistics[pkts]++;
	ip_statistics[octets] += val;
}

/**
 * Counts one: LINUX_MIB_*.
 * @kernel include/net/ip.h:288 (v5.10)
 */
export function NET_INC_STATS(net: net, field: number): void {
	net.mib.net_statistics[field]++;
}

/**
 * Counts several: LINUX_MIB_*.
 * @kernel include/net/ip.h:290 (v5.10)
 */
export function NET_ADD_STATS(net: net, field: number, val: number): void {
	net.mib.net_statistics[field] += val;
}

/**
 * Counts one: ICMP_MIB_*.
 * @kernel include/net/icmp.h:29 (v5.10)
 */
export function ICMP_INC_STATS(net: net, field: number): void {
	net.mib.icmp_statistics[field]++;
}

/**
 * Counts an ICMP message sent, by type.
 * @kernel include/net/icmp.h:31 (v5.10)
 */
export function ICMPMSGOUT_INC_STATS(net: net, type: number): void {
	count_type(net.mib.icmpmsg_statistics, type + 256);
}

/**
 * Counts an ICMP message received, by type.
 * @kernel include/net/icmp.h:32 (v5.10)
 */
export function ICMPMSGIN_INC_STATS(net: net, type: number): void {
	count_type(net.mib.icmpmsg_statistics, type);
}

/**
 * Counts one: TCP_MIB_*.
 * @kernel include/net/tcp.h:311 (v5.10)
 */
export function TCP_INC_STATS(net: net, field: number): void {
	net.mib.tcp_statistics[field]++;
}

/**
 * Counts one less: TCP_MIB_*.
 * @kernel include/net/tcp.h:313 (v5.10)
 */
export function TCP_DEC_STATS(net: net, field: number): void {
	net.mib.tcp_statistics[field]--;
}

/**
 * Counts several: TCP_MIB_*.
 * @kernel include/net/tcp.h:314 (v5.10)
 */
export function TCP_ADD_STATS(net: net, field: number, val: number): void {
	net.mib.tcp_statistics[field] += val;
}

/**
 * Counts one: UDP_MIB_*, IPv4.
 * @kernel include/net/udp.h:388 (v5.10)
 */
export function UDP_INC_STATS(net: net, field: number): void {
	net.mib.udp_statistics[field]++;
}

/**
 * Counts one: UDP_MIB_*, IPv6.
 * @kernel include/net/udp.h:399 (v5.10)
 */
export function UDP6_INC_STATS(net: net, field: number): void {
	net.mib.udp_stats_in6[field]++;
}

/**
 * Counts one, for the device too: IPSTATS_MIB_*, IPv6.
 * @kernel include/net/ipv6.h:250 (v5.10)
 */
export function IP6_INC_STATS(net: net, idev: inet6_dev | null, field: number): void {
	if (idev !== null) idev.stats.ipv6[field]++;
	net.mib.ipv6_statistics[field]++;
}

/**
 * Counts several, for the device too: IPSTATS_MIB_*, IPv6.
 * @kernel include/net/ipv6.h:254 (v5.10)
 */
export function IP6_ADD_STATS(net: net, idev: inet6_dev | null, field: number, val: number): void {
	if (idev !== null) idev.stats.ipv6[field] += val;
	net.mib.ipv6_statistics[field] += val;
}

/**
 * Counts a packet and its bytes, for the device too. PORT: C pastes both names from one.
 * @kernel include/net/ipv6.h:258 (v5.10)
 */
export function IP6_UPD_PO_STATS(
	net: net,
	idev: inet6_dev | null,
	pkts: number,
	octets: number,
	val: number,
): void {
	IP6_INC_STATS(net, idev, pkts);
	IP6_ADD_STATS(net, idev, octets, val);
}

/**
 * Counts one, for the device too: ICMP6_MIB_*.
 * @kernel include/net/ipv6.h:262 (v5.10)
 */
export function ICMP6_INC_STATS(net: net, idev: inet6_dev | null, field: number): void {
	if (idev !== null) idev.stats.icmpv6dev[field]++;
	net.mib.icmpv6_statistics[field]++;
}

/**
 * Counts an ICMPv6 message sent, by type, for the device too.
 * @kernel include/net/ipv6.h:267 (v5.10)
 */
export function ICMP6MSGOUT_INC_STATS(net: net, idev: inet6_dev | null, type: number): void {
	if (idev !== null) count_type(idev.stats.icmpv6msgdev, type + 256);
	count_type(net.mib.icmpv6msg_statistics, type + 256);
}

/**
 * Counts an ICMPv6 message received, by type, for the device too.
 * @kernel include/net/ipv6.h:269 (v5.10)
 */
export function ICMP6MSGIN_INC_STATS(net: net, idev: inet6_dev | null, type: number): void {
	if (idev !== null) count_type(idev.stats.icmpv6msgdev, type);
	count_type(net.mib.icmpv6msg_statistics, type);
}
