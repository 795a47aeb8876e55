// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv6/sysctl_net_ipv6.c, base v5.10: the settings under net/ipv6, net/ipv6/route and net/ipv6/icmp.
 *
 * Not ported: seg6_flowlabel, mld_max_msf, mld_qrv, calipso_*: nothing here reads them.
 */
import { HZ, type Machine } from '../../include/linux/machine.ts';
import {
	type ctl_table,
	proc_dointvec,
	proc_dointvec_jiffies,
	register_net_sysctl,
	unregister_net_sysctl_table,
} from '../../include/linux/sysctl.ts';
import { IP6_AUTO_FLOW_LABEL_MAX } from '../../include/net/ipv6.ts';
import type { net, pernet_operations } from '../../include/net/net_namespace.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import type { netns_sysctl_ipv6 } from '../../include/net/netns/ipv6.ts';
import { ipv6_route_sysctl_init } from './route.ts';
import { ipv6_icmp_sysctl_init } from './icmp.ts';

/** A setting that is a number. */
type sysctl_key = {
	[k in keyof netns_sysctl_ipv6]: netns_sysctl_ipv6[k] extends number ? k : never;
}[keyof netns_sysctl_ipv6];

/**
 * One integer setting of a namespace.
 * @kernel PORT: an element of ipv6_table_template
 */
function net_int(
	net: net,
	procname: string,
	key: sysctl_key,
	min?: number,
	max?: number,
): ctl_table {
	const s = net.ipv6.sysctl;
	return proc_dointvec(
		procname,
		() => s[key],
		(v) => {
			(s[key]) = v;
		},
		min,
		max,
	);
}

/**
 * The settings of a namespace under net/ipv6.
 * @kernel net/ipv6/sysctl_net_ipv6.c:44 (v5.10)
 */
function ipv6_table(net: net): ctl_table[] {
	const s = net.ipv6.sysctl;
	return [
		net_int(net, 'bindv6only', 'bindv6only'),
		net_int(net, 'anycast_src_echo_reply', 'anycast_src_echo_reply'),
		net_int(net, 'flowlabel_consistency', 'flowlabel_consistency'),
		net_int(net, 'auto_flowlabels', 'auto_flowlabels', 0, IP6_AUTO_FLOW_LABEL_MAX),
		net_int(net, 'fwmark_reflect', 'fwmark_reflect'),
		net_int(net, 'idgen_retries', 'idgen_retries'),
		proc_dointvec_jiffies(
			'idgen_delay',
			() => s.idgen_delay,
			(v) => {
				s.idgen_delay = v;
			},
			HZ,
		),
		net_int(net, 'flowlabel_state_ranges', 'flowlabel_state_ranges'),
		net_int(net, 'ip_nonlocal_bind', 'ip_nonlocal_bind'),
		net_int(net, 'flowlabel_reflect', 'flowlabel_reflect', 0, 7),
		net_int(net, 'max_dst_opts_number', 'max_dst_opts_cnt'),
		net_int(net, 'max_hbh_opts_number', 'max_hbh_opts_cnt'),
		net_int(net, 'max_dst_opts_length', 'max_dst_opts_len'),
		net_int(net, 'max_hbh_length', 'max_hbh_opts_len'),
		net_int(net, 'fib_multipath_hash_policy', 'multipath_hash_policy', 0, 2),
	];
}

/**
 * Shows a new namespace's settings.
 * @returns 0
 * @kernel net/ipv6/sysctl_net_ipv6.c:201 (v5.10)
 */
function ipv6_sysctl_net_init(net: net): number {
	const s = net.ipv6.sysctl;
	s.hdr = register_net_sysctl(net, 'net/ipv6', ipv6_table(net));
	s.route_hdr = register_net_sysctl(net, 'net/ipv6/route', ipv6_route_sysctl_init(net));
	s.icmp_hdr = register_net_sysctl(net, 'net/ipv6/icmp', ipv6_icmp_sysctl_init(net));
	return 0;
}

/**
 * Hides the settings of a namespace that ends.
 * @kernel net/ipv6/sysctl_net_ipv6.c:255 (v5.10)
 */
function ipv6_sysctl_net_exit(net: net): void {
	const s = net.ipv6.sysctl;
	for (const hdr of [s.icmp_hdr, s.route_hdr, s.hdr])
		if (hdr !== null) unregister_net_sysctl_table(hdr);
	s.icmp_hdr = null;
	s.route_hdr = null;
	s.hdr = null;
}

const ipv6_sysctl_net_ops: pernet_operations = {
	init: ipv6_sysctl_net_init,
	exit: ipv6_sysctl_net_exit,
};

/**
 * Shows the settings of IPv6 in every namespace; behind routes and ICMPv6.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/sysctl_net_ipv6.c:281 (v5.10)
 */
export function ipv6_sysctl_register(m: Machine): number {
	return register_pernet_subsys(m, ipv6_sysctl_net_ops);
}
