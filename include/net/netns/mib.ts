/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netns/mib.h, base v5.10: protocol counters that a tool prints. Each is indexed by the names of
 * include/uapi/linux/snmp.h; counts are whole numbers.
 *
 * PORT: one CPU, so no sums over CPUs. Counts by ICMP type are kept for the types that were seen.
 */
import {
	ICMP6_MIB_MAX,
	ICMP_MIB_MAX,
	IPSTATS_MIB_MAX,
	LINUX_MIB_MAX,
	TCP_MIB_MAX,
	UDP_MIB_MAX,
} from '../../uapi/linux/snmp.ts';

/** Part of struct net. */
export class netns_mib {
	readonly tcp_statistics = new Float64Array(TCP_MIB_MAX);
	readonly ip_statistics = new Float64Array(IPSTATS_MIB_MAX);
	readonly net_statistics = new Float64Array(LINUX_MIB_MAX);
	readonly udp_statistics = new Float64Array(UDP_MIB_MAX);
	/** Stays zero: no UDP-Lite here. */
	readonly udplite_statistics = new Float64Array(UDP_MIB_MAX);
	readonly icmp_statistics = new Float64Array(ICMP_MIB_MAX);
	/** By type received, and by type sent plus 256. */
	readonly icmpmsg_statistics = new Map<number, number>();

	readonly udp_stats_in6 = new Float64Array(UDP_MIB_MAX);
	/** Stays zero: no UDP-Lite here. */
	readonly udplite_stats_in6 = new Float64Array(UDP_MIB_MAX);
	readonly ipv6_statistics = new Float64Array(IPSTATS_MIB_MAX);
	readonly icmpv6_statistics = new Float64Array(ICMP6_MIB_MAX);
	/** By type received, and by type sent plus 256. */
	readonly icmpv6msg_statistics = new Map<number, number>();
}
