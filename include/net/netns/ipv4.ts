/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netns/ipv4.h, base v5.10: IPv4 settings, tables and protocol state.
 *
 * PORT: fib_table_hash is an array of FIB_TABLE_HASHSZ lists of tables, made by ip_fib_net_init(). The
 * hashes of addresses and next hop infos are per namespace.
 * Not ported: xtables, multicast routing, IGMP, offload flags.
 */
import { U32_ZERO } from '../../linux/types.ts';
import type { in_ifaddr, ipv4_devconf } from '../../linux/inetdevice.ts';
import type { ctl_table_header } from '../../linux/sysctl.ts';
import type { fib_rules_ops } from '../fib_rules.ts';
import type { fib_table } from '../ip_fib.ts';
import type { fqdir } from '../inet_frag.ts';
import type { inet_peer_base } from '../inetpeer.ts';
import type { sock } from '../sock.ts';
import { netns_tcp } from './tcp.ts';

/* net/ipv4/devinet.c */
export const IN4_ADDR_HSIZE_SHIFT = 8;
const IN4_ADDR_HSIZE = 1 << IN4_ADDR_HSIZE_SHIFT;

/** Ports given out to sockets that ask for none. */
export class local_ports {
	readonly range: [number, number] = [32768, 60999];
	warned = false;
}

/** Groups that may open ping sockets; empty by default. */
export class ping_group_range {
	readonly range: [number, number] = [1, 0];
}

/** Part of struct net. */
export class netns_ipv4 extends netns_tcp {
	/* devinet, fib, route (net/ipv4/{devinet,fib_*,route}.ts) */
	forw_hdr: ctl_table_header | null = null;
	frags_hdr: ctl_table_header | null = null;
	ipv4_hdr: ctl_table_header | null = null;
	route_hdr: ctl_table_header | null = null;
	devconf_all: ipv4_devconf | null = null;
	devconf_dflt: ipv4_devconf | null = null;
	/** Sockets that want packets with the router alert option. PORT: without the links between them. */
	readonly ra_chain: sock[] = [];
	rules_ops: fib_rules_ops | null = null;
	fib_has_custom_rules = false;
	/** Rules that need the ports of a packet. */
	fib_rules_require_fldissect = 0;
	fib_main: fib_table | null = null;
	fib_default: fib_table | null = null;
	fib_has_custom_local_routes = false;
	fib_table_hash: fib_table[][] = [];
	/** PORT: inet_addr_lst of net/ipv4/devinet.c; index is the hash of a local address. */
	readonly inet_addr_lst = new Array<in_ifaddr | null>(IN4_ADDR_HSIZE).fill(null);
	/** Sends what icmp_send() makes. */
	icmp_sk: sock | null = null;
	peers: inet_peer_base | null = null;
	fqdir: fqdir | null = null;

	/* icmp, ip_output, udp, ping */
	sysctl_icmp_echo_ignore_all = 0;
	sysctl_icmp_echo_ignore_broadcasts = 1;
	sysctl_icmp_ignore_bogus_error_responses = 1;
	/** Jiffies. */
	sysctl_icmp_ratelimit = 1000;
	sysctl_icmp_ratemask = 0x1818;
	sysctl_icmp_errors_use_inbound_ifaddr = 0;
	readonly ip_local_ports = new local_ports();

	sysctl_ip_default_ttl = 64;
	sysctl_ip_no_pmtu_disc = 0;
	sysctl_ip_fwd_use_pmtu = 0;
	sysctl_ip_fwd_update_priority = 1;
	sysctl_ip_nonlocal_bind = 0;
	sysctl_ip_autobind_reuse = 0;
	sysctl_ip_dynaddr = 0;
	sysctl_ip_early_demux = 1;
	sysctl_raw_l3mdev_accept = 1;
	sysctl_tcp_early_demux = 1;
	sysctl_udp_early_demux = 1;
	sysctl_fwmark_reflect = 0;
	sysctl_udp_wmem_min = 4096;
	sysctl_udp_rmem_min = 4096;
	sysctl_udp_l3mdev_accept = 0;
	readonly ping_group_range = new ping_group_range();

	dev_addr_genid = U32_ZERO;
	/** Ports that automatic choice keeps off; null for none. */
	sysctl_local_reserved_ports: Set<number> | null = null;
	/** Ports below take privileges to bind. */
	sysctl_ip_prot_sock = 1024;
	sysctl_fib_multipath_use_neigh = 0;
	/** 0: addresses, 1: addresses and ports, 2: inner addresses. */
	sysctl_fib_multipath_hash_policy = 0;
	fib_seq = 0;
	rt_genid = 0;
	/** PORT: struct net's fnhe_genid. */
	fnhe_genid = 0;
	/** Key of the hash behind IP ids; all zero until it is drawn. PORT: its two words of 64 bits as four. */
	readonly ip_id_key = new Uint32Array(4);
}
