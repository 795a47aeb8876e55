// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/proc.c, base v5.10: /proc/net/snmp6 and /proc/net/dev_snmp6/DEVICE.
 *
 * Not ported: /proc/net/sockstat6.
 * PORT: one CPU, so counts are read where they are; no UDP-Lite, whose counts stay 0.
 */
import type { Machine } from '../../include/linux/machine.ts';
import { proc_create_net, remove_proc_entry } from '../../include/linux/proc_fs.ts';
import type { inet6_dev } from '../../include/net/if_inet6.ts';
import {
	NDISC_NEIGHBOUR_ADVERTISEMENT,
	NDISC_NEIGHBOUR_SOLICITATION,
	NDISC_REDIRECT,
	NDISC_ROUTER_ADVERTISEMENT,
	NDISC_ROUTER_SOLICITATION,
} from '../../include/net/ndisc.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { snmp_mib } from '../../include/net/snmp.ts';
import {
	ICMPV6_DEST_UNREACH,
	ICMPV6_ECHO_REPLY,
	ICMPV6_ECHO_REQUEST,
	ICMPV6_MGM_QUERY,
	ICMPV6_MGM_REDUCTION,
	ICMPV6_MGM_REPORT,
	ICMPV6_MLD2_REPORT,
	ICMPV6_PARAMPROB,
	ICMPV6_PKT_TOOBIG,
	ICMPV6_TIME_EXCEED,
} from '../../include/uapi/linux/icmpv6.ts';
import {
	ICMP6_MIB_CSUMERRORS,
	ICMP6_MIB_INERRORS,
	ICMP6_MIB_INMSGS,
	ICMP6_MIB_OUTERRORS,
	ICMP6_MIB_OUTMSGS,
	IPSTATS_MIB_CEPKTS,
	IPSTATS_MIB_ECT0PKTS,
	IPSTATS_MIB_ECT1PKTS,
	IPSTATS_MIB_FRAGCREATES,
	IPSTATS_MIB_FRAGFAILS,
	IPSTATS_MIB_FRAGOKS,
	IPSTATS_MIB_INADDRERRORS,
	IPSTATS_MIB_INBCASTOCTETS,
	IPSTATS_MIB_INDELIVERS,
	IPSTATS_MIB_INDISCARDS,
	IPSTATS_MIB_INHDRERRORS,
	IPSTATS_MIB_INMCASTOCTETS,
	IPSTATS_MIB_INMCASTPKTS,
	IPSTATS_MIB_INNOROUTES,
	IPSTATS_MIB_INOCTETS,
	IPSTATS_MIB_INPKTS,
	IPSTATS_MIB_INTOOBIGERRORS,
	IPSTATS_MIB_INTRUNCATEDPKTS,
	IPSTATS_MIB_INUNKNOWNPROTOS,
	IPSTATS_MIB_NOECTPKTS,
	IPSTATS_MIB_OUTBCASTOCTETS,
	IPSTATS_MIB_OUTDISCARDS,
	IPSTATS_MIB_OUTFORWDATAGRAMS,
	IPSTATS_MIB_OUTMCASTOCTETS,
	IPSTATS_MIB_OUTMCASTPKTS,
	IPSTATS_MIB_OUTNOROUTES,
	IPSTATS_MIB_OUTOCTETS,
	IPSTATS_MIB_OUTPKTS,
	IPSTATS_MIB_REASMFAILS,
	IPSTATS_MIB_REASMOKS,
	IPSTATS_MIB_REASMREQDS,
	IPSTATS_MIB_REASMTIMEOUT,
	UDP_MIB_CSUMERRORS,
	UDP_MIB_IGNOREDMULTI,
	UDP_MIB_INDATAGRAMS,
	UDP_MIB_INERRORS,
	UDP_MIB_NOPORTS,
	UDP_MIB_OUTDATAGRAMS,
	UDP_MIB_RCVBUFERRORS,
	UDP_MIB_SNDBUFERRORS,
} from '../../include/uapi/linux/snmp.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';

const snmp6_ipstats_list: snmp_mib = [
	['Ip6InReceives', IPSTATS_MIB_INPKTS],
	['Ip6InHdrErrors', IPSTATS_MIB_INHDRERRORS],
	['Ip6InTooBigErrors', IPSTATS_MIB_INTOOBIGERRORS],
	['Ip6InNoRoutes', IPSTATS_MIB_INNOROUTES],
	['Ip6InAddrErrors', IPSTATS_MIB_INADDRERRORS],
	['Ip6InUnknownProtos', IPSTATS_MIB_INUNKNOWNPROTOS],
	['Ip6InTruncatedPkts', IPSTATS_MIB_INTRUNCATEDPKTS],
	['Ip6InDiscards', IPSTATS_MIB_INDISCARDS],
	['Ip6InDelivers', IPSTATS_MIB_INDELIVERS],
	['Ip6OutForwDatagrams', IPSTATS_MIB_OUTFORWDATAGRAMS],
	['Ip6OutRequests', IPSTATS_MIB_OUTPKTS],
	['Ip6OutDiscards', IPSTATS_MIB_OUTDISCARDS],
	['Ip6OutNoRoutes', IPSTATS_MIB_OUTNOROUTES],
	['Ip6ReasmTimeout', IPSTATS_MIB_REASMTIMEOUT],
	['Ip6ReasmReqds', IPSTATS_MIB_REASMREQDS],
	['Ip6ReasmOKs', IPSTATS_MIB_REASMOKS],
	['Ip6ReasmFails', IPSTATS_MIB_REASMFAILS],
	['Ip6FragOKs', IPSTATS_MIB_FRAGOKS],
	['Ip6FragFails', IPSTATS_MIB_FRAGFAILS],
	['Ip6FragCreates', IPSTATS_MIB_FRAGCREATES],
	['Ip6InMcastPkts', IPSTATS_MIB_INMCASTPKTS],
	['Ip6OutMcastPkts', IPSTATS_MIB_OUTMCASTPKTS],
	['Ip6InOctets', IPSTATS_MIB_INOCTETS],
	['Ip6OutOctets', IPSTATS_MIB_OUTOCTETS],
	['Ip6InMcastOctets', IPSTATS_MIB_INMCASTOCTETS],
	['Ip6OutMcastOctets', IPSTATS_MIB_OUTMCASTOCTETS],
	['Ip6InBcastOctets', IPSTATS_MIB_INBCASTOCTETS],
	['Ip6OutBcastOctets', IPSTATS_MIB_OUTBCASTOCTETS],
	['Ip6InNoECTPkts', IPSTATS_MIB_NOECTPKTS],
	['Ip6InECT1Pkts', IPSTATS_MIB_ECT1PKTS],
	['Ip6InECT0Pkts', IPSTATS_MIB_ECT0PKTS],
	['Ip6InCEPkts', IPSTATS_MIB_CEPKTS],
];

const snmp6_icmp6_list: snmp_mib = [
	['Icmp6InMsgs', ICMP6_MIB_INMSGS],
	['Icmp6InErrors', ICMP6_MIB_INERRORS],
	['Icmp6OutMsgs', ICMP6_MIB_OUTMSGS],
	['Icmp6OutErrors', ICMP6_MIB_OUTERRORS],
	['Icmp6InCsumErrors', ICMP6_MIB_CSUMERRORS],
];

/* names of types; the others are printed by number alone */
const icmp6type2name = new Map([
	[ICMPV6_DEST_UNREACH, 'DestUnreachs'],
	[ICMPV6_PKT_TOOBIG, 'PktTooBigs'],
	[ICMPV6_TIME_EXCEED, 'TimeExcds'],
	[ICMPV6_PARAMPROB, 'ParmProblems'],
	[ICMPV6_ECHO_REQUEST, 'Echos'],
	[ICMPV6_ECHO_REPLY, 'EchoReplies'],
	[ICMPV6_MGM_QUERY, 'GroupMembQueries'],
	[ICMPV6_MGM_REPORT, 'GroupMembResponses'],
	[ICMPV6_MGM_REDUCTION, 'GroupMembReductions'],
	[NDISC_ROUTER_SOLICITATION, 'RouterSolicits'],
	[NDISC_ROUTER_ADVERTISEMENT, 'RouterAdvertisements'],
	[NDISC_NEIGHBOUR_SOLICITATION, 'NeighborSolicits'],
	[NDISC_NEIGHBOUR_ADVERTISEMENT, 'NeighborAdvertisements'],
	[NDISC_REDIRECT, 'Redirects'],
	[ICMPV6_MLD2_REPORT, 'MLDv2Reports'],
]);

const snmp6_udp6_list: snmp_mib = [
	['Udp6InDatagrams', UDP_MIB_INDATAGRAMS],
	['Udp6NoPorts', UDP_MIB_NOPORTS],
	['Udp6InErrors', UDP_MIB_INERRORS],
	['Udp6OutDatagrams', UDP_MIB_OUTDATAGRAMS],
	['Udp6RcvbufErrors', UDP_MIB_RCVBUFERRORS],
	['Udp6SndbufErrors', UDP_MIB_SNDBUFERRORS],
	['Udp6InCsumErrors', UDP_MIB_CSUMERRORS],
	['Udp6IgnoredMulti', UDP_MIB_IGNOREDMULTI],
];

const snmp6_udplite6_list: snmp_mib = [
	['UdpLite6InDatagrams', UDP_MIB_INDATAGRAMS],
	['UdpLite6NoPorts', UDP_MIB_NOPORTS],
	['UdpLite6InErrors', UDP_MIB_INERRORS],
	['UdpLite6OutDatagrams', UDP_MIB_OUTDATAGRAMS],
	['UdpLite6RcvbufErrors', UDP_MIB_RCVBUFERRORS],
	['UdpLite6SndbufErrors', UDP_MIB_SNDBUFERRORS],
	['UdpLite6InCsumErrors', UDP_MIB_CSUMERRORS],
];

/**
 * A line of a file.
 * @kernel PORT: seq_printf()
 */
function line(name: string, value: number): string {
	return `${name.padEnd(32)}\t${String(value)}\n`;
}

/**
 * Lines of ICMPv6 types: those with a name, then those that were seen, by number.
 * @kernel net/ipv6/proc.c:143 (v5.10)
 */
function snmp6_seq_show_icmpv6msg(counts: ReadonlyMap<number, number>): string {
	let out = '';
	for (const way of [0, 0x100])
		for (const [type, name] of icmp6type2name)
			out += line(`Icmp6${way !== 0 ? 'Out' : 'In'}${name}`, counts.get(type | way) ?? 0);
	for (const [i, val] of [...counts].sort(([a], [b]) => a - b))
		out += line(`Icmp6${(i & 0x100) !== 0 ? 'Out' : 'In'}Type${String(i & 0xff)}`, val);
	return out;
}

/**
 * Lines of a list of counters.
 * @kernel net/ipv6/proc.c:179 (v5.10)
 */
function snmp6_seq_show_item(mib: Float64Array, itemlist: snmp_mib): string {
	return itemlist.map(([name, entry]) => line(name, mib[entry])).join('');
}

/**
 * Text of /proc/net/snmp6.
 * @kernel net/ipv6/proc.c:213 (v5.10)
 */
function snmp6_seq_show(net: net): string {
	const { mib } = net;
	return (
		snmp6_seq_show_item(mib.ipv6_statistics, snmp6_ipstats_list) +
		snmp6_seq_show_item(mib.icmpv6_statistics, snmp6_icmp6_list) +
		snmp6_seq_show_icmpv6msg(mib.icmpv6msg_statistics) +
		snmp6_seq_show_item(mib.udp_stats_in6, snmp6_udp6_list) +
		snmp6_seq_show_item(mib.udplite_stats_in6, snmp6_udplite6_list)
	);
}

/**
 * Text of a device's file.
 * @kernel net/ipv6/proc.c:229 (v5.10)
 */
function snmp6_dev_seq_show(idev: inet6_dev): string {
	return (
		line('ifIndex', idev.dev.ifindex) +
		snmp6_seq_show_item(idev.stats.ipv6, snmp6_ipstats_list) +
		snmp6_seq_show_item(idev.stats.icmpv6dev, snmp6_icmp6_list) +
		snmp6_seq_show_icmpv6msg(idev.stats.icmpv6msgdev)
	);
}

/**
 * Makes the file of a device.
 * @kernel net/ipv6/proc.c:242 (v5.10)
 */
export function snmp6_register_dev(idev: inet6_dev): void {
	const { stats } = idev;
	stats.proc_dir_entry = `dev_snmp6/${idev.dev.name}`;
	proc_create_net(idev.dev.nd_net, stats.proc_dir_entry, () => snmp6_dev_seq_show(idev));
}

/**
 * Removes the file of a device, under the name that it was made with.
 * @kernel net/ipv6/proc.c:263 (v5.10)
 */
export function snmp6_unregister_dev(idev: inet6_dev): void {
	const { stats } = idev;
	if (stats.proc_dir_entry === null) return;
	remove_proc_entry(idev.dev.nd_net, stats.proc_dir_entry);
	stats.proc_dir_entry = null;
}

/**
 * Makes the file of a namespace.
 * @kernel net/ipv6/proc.c:275 (v5.10)
 */
function ipv6_proc_init_net(net: net): number {
	proc_create_net(net, 'snmp6', () => snmp6_seq_show(net));
	return 0;
}

/**
 * Removes it.
 * @kernel net/ipv6/proc.c:297 (v5.10)
 */
function ipv6_proc_exit_net(net: net): void {
	remove_proc_entry(net, 'snmp6');
}

/**
 * Makes the file of every namespace.
 * @kernel net/ipv6/proc.c:309 (v5.10)
 */
export function ipv6_misc_proc_init(m: Machine): number {
	return register_pernet_subsys(m, { init: ipv6_proc_init_net, exit: ipv6_proc_exit_net });
}
