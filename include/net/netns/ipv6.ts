/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netns/ipv6.h, base v5.10: IPv6 settings, tables and protocol state.
 *
 * PORT: pointers are null until the init functions of net/ipv6/ have run for the namespace.
 * Not ported: multicast routing, segment routing, tables of ip6tables, source-keyed subtrees.
 */
import { U32_ZERO } from '../../linux/types.ts';
import type { ctl_table_header } from '../../linux/sysctl.ts';
import type { ipv6_devconf } from '../../linux/ipv6.ts';
import type { timer_list } from '../../linux/timer.ts';
import type { dst_ops } from '../dst.ts';
import type { fqdir } from '../inet_frag.ts';
import type { inet_peer_base } from '../inetpeer.ts';
import type {
	fib6_info,
	fib6_table,
	fib6_walker,
	rt6_info,
	rt6_statistics,
} from '../ip6_fib.ts';
import type { fib_rules_ops } from '../fib_rules.ts';
import type { sock } from '../sock.ts';

/** Settings of a namespace; times in jiffies where C has jiffies. */
export class netns_sysctl_ipv6 {
	hdr: ctl_table_header | null = null;
	route_hdr: ctl_table_header | null = null;
	icmp_hdr: ctl_table_header | null = null;
	frags_hdr: ctl_table_header | null = null;
	xfrm6_hdr: ctl_table_header | null = null;
	bindv6only = 0;
	flush_delay = 0;
	ip6_rt_max_size = 0;
	ip6_rt_gc_min_interval = 0;
	ip6_rt_gc_timeout = 0;
	ip6_rt_gc_interval = 0;
	ip6_rt_gc_elasticity = 0;
	ip6_rt_mtu_expires = 0;
	ip6_rt_min_advmss = 0;
	multipath_hash_policy = 0;
	flowlabel_consistency = 0;
	auto_flowlabels = 0;
	/** Jiffies between two errors to one host. */
	icmpv6_time = 0;
	icmpv6_echo_ignore_all = 0;
	icmpv6_echo_ignore_multicast = 0;
	icmpv6_echo_ignore_anycast = 0;
	/** One bit a message type: rate limited. */
	readonly icmpv6_ratemask = new Uint32Array(8);
	anycast_src_echo_reply = 0;
	ip_nonlocal_bind = 0;
	fwmark_reflect = 0;
	idgen_retries = 0;
	/** Jiffies. */
	idgen_delay = 0;
	flowlabel_state_ranges = 0;
	flowlabel_reflect = 0;
	max_dst_opts_cnt = 0;
	max_hbh_opts_cnt = 0;
	max_dst_opts_len = 0;
	max_hbh_opts_len = 0;
	skip_notify_on_dev_down = false;
}

/** Destination operations of a namespace, which count what was made by them. */
export interface ip6_dst_ops extends dst_ops {
	/** Entries above which the collector runs. */
	gc_thresh: number;
	/** Entries alive, those without DST_NOCOUNT. */
	entries: number;
}

/** Part of struct net. */
export class netns_ipv6 {
	readonly sysctl = new netns_sysctl_ipv6();
	devconf_all: ipv6_devconf | null = null;
	devconf_dflt: ipv6_devconf | null = null;
	peers: inet_peer_base | null = null;
	fqdir: fqdir | null = null;
	fib6_null_entry: fib6_info | null = null;
	ip6_null_entry: rt6_info | null = null;
	rt6_stats: rt6_statistics | null = null;
	ip6_fib_timer: timer_list | null = null;
	/** Tables by id. */
	readonly fib_table_hash = new Map<number, fib6_table>();
	fib6_main_tbl: fib6_table | null = null;
	readonly fib6_walkers: fib6_walker[] = [];
	/** PORT: dst_ops that know their namespace. */
	ip6_dst_ops: ip6_dst_ops | null = null;
	ip6_rt_gc_expire = 0;
	ip6_rt_last_gc = 0;
	fib6_rules_require_fldissect = 0;
	fib6_has_custom_rules = false;
	ip6_prohibit_entry: rt6_info | null = null;
	ip6_blk_hole_entry: rt6_info | null = null;
	fib6_local_tbl: fib6_table | null = null;
	fib6_rules_ops: fib_rules_ops | null = null;
	icmp_sk: sock | null = null;
	ndisc_sk: sock | null = null;
	tcp_sk: sock | null = null;
	igmp_sk: sock | null = null;
	mc_autojoin_sk: sock | null = null;
	dev_addr_genid = U32_ZERO;
	fib6_sernum = 1;
}
