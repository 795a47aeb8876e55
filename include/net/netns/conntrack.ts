/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netns/conntrack.h, base v5.10: connection tracking state.
 *
 * PORT: one CPU, so the lists of unconfirmed and dying connections and the counters are plain fields.
 * Not ported: DCCP, SCTP, GRE, expectations, events, time stamps, helper assignment.
 */
import { U32_ZERO } from '../../linux/types.ts';
import { hlist_nulls_head } from '../../linux/list_nulls.ts';
import { ip_conntrack_stat } from '../../linux/netfilter/nf_conntrack_common.ts';
import { TCP_CONNTRACK_TIMEOUT_MAX } from '../../uapi/linux/netfilter/nf_conntrack_tcp.ts';
import type { nf_conntrack_tuple_hash } from '../netfilter/nf_conntrack_tuple.ts';
import type { ctl_table_header } from '../../linux/sysctl.ts';

/** Timeouts are jiffies. */
export class nf_generic_net {
	timeout = U32_ZERO;
}

export class nf_tcp_net {
	/** By TCP_CONNTRACK_*. */
	readonly timeouts = new Float64Array(TCP_CONNTRACK_TIMEOUT_MAX);
	tcp_loose = 0;
	tcp_be_liberal = 0;
	tcp_max_retrans = 0;
}

/* enum udp_conntrack */
export const UDP_CT_UNREPLIED = 0;
export const UDP_CT_REPLIED = 1;
export const UDP_CT_MAX = 2;

export class nf_udp_net {
	/** By UDP_CT_*. */
	readonly timeouts = new Float64Array(UDP_CT_MAX);
}

export class nf_icmp_net {
	timeout = U32_ZERO;
}

export class nf_ip_net {
	readonly generic = new nf_generic_net();
	readonly tcp = new nf_tcp_net();
	readonly udp = new nf_udp_net();
	readonly icmp = new nf_icmp_net();
	readonly icmpv6 = new nf_icmp_net();
}

/** Connections outside the hash table. */
export class ct_pcpu {
	readonly unconfirmed = new hlist_nulls_head<nf_conntrack_tuple_hash>();
	readonly dying = new hlist_nulls_head<nf_conntrack_tuple_hash>();
}

/** Part of struct net. */
export class netns_ct {
	/** Connections of this namespace, unconfirmed ones included. */
	count = 0;
	sysctl_header: ctl_table_header | null = null;
	/** Protocol of which invalid packets are logged, 255 for all, 0 for none. */
	sysctl_log_invalid = 0;
	sysctl_acct = 0;
	sysctl_checksum = 1;
	readonly pcpu_lists = new ct_pcpu();
	readonly stat = new ip_conntrack_stat();
	readonly nf_ct_proto = new nf_ip_net();
	/** Rules that use labels. */
	labels_used = 0;
}
