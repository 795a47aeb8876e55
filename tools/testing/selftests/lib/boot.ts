// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts a machine's kernel: every subsystem's init function in the order of the kernel's initcalls.
 */
import type { Machine } from '../../../../include/linux/machine.ts';
import { copy_net_ns } from '../../../../net/core/net_namespace.ts';
import { vlan_proto_init } from '../../../../net/8021q/vlan.ts';
import { vlan_core_init } from '../../../../net/8021q/vlan_core.ts';
import { vlan_init } from '../../../../net/8021q/vlan_netlink.ts';
import { br_init } from '../../../../net/bridge/br.ts';
import { net_dev_init } from '../../../../net/core/dev.ts';
import { fib_rules_init } from '../../../../net/core/fib_rules.ts';
import { linkwatch_init } from '../../../../net/core/link_watch.ts';
import { neigh_init } from '../../../../net/core/neighbour.ts';
import { rtnetlink_init } from '../../../../net/core/rtnetlink.ts';
import { inet_init, ipv4_offload_init } from '../../../../net/ipv4/af_inet.ts';
import { esp4_init } from '../../../../net/ipv4/esp4.ts';
import { nf_defrag_ipv4_init } from '../../../../net/ipv4/netfilter/nf_defrag_ipv4.ts';
import { nf_flow_ipv4_module_init } from '../../../../net/ipv4/netfilter/nf_flow_table_ipv4.ts';
import { nf_log_arp_init } from '../../../../net/ipv4/netfilter/nf_log_arp.ts';
import { nf_log_ipv4_init } from '../../../../net/ipv4/netfilter/nf_log_ipv4.ts';
import { nft_fib4_module_init } from '../../../../net/ipv4/netfilter/nft_fib_ipv4.ts';
import { nft_reject_ipv4_module_init } from '../../../../net/ipv4/netfilter/nft_reject_ipv4.ts';
import { sysctl_ipv4_init } from '../../../../net/ipv4/sysctl_net_ipv4.ts';
import { xfrm4_init } from '../../../../net/ipv4/xfrm4_policy.ts';
import { inet6_init } from '../../../../net/ipv6/af_inet6.ts';
import { ipv6_offload_init } from '../../../../net/ipv6/ip6_offload.ts';
import { nf_defrag_ipv6_init } from '../../../../net/ipv6/netfilter/nf_defrag_ipv6_hooks.ts';
import { nf_flow_ipv6_module_init } from '../../../../net/ipv6/netfilter/nf_flow_table_ipv6.ts';
import { nf_log_ipv6_init } from '../../../../net/ipv6/netfilter/nf_log_ipv6.ts';
import { nft_fib6_module_init } from '../../../../net/ipv6/netfilter/nft_fib_ipv6.ts';
import { nft_reject_ipv6_module_init } from '../../../../net/ipv6/netfilter/nft_reject_ipv6.ts';
import { netfilter_init } from '../../../../net/netfilter/core.ts';
import { ctnetlink_init } from '../../../../net/netfilter/nf_conntrack_netlink.ts';
import { nf_conntrack_standalone_init } from '../../../../net/netfilter/nf_conntrack_standalone.ts';
import { nf_flow_inet_module_init } from '../../../../net/netfilter/nf_flow_table_inet.ts';
import { netfilter_log_init } from '../../../../net/netfilter/nf_log.ts';
import { nf_log_netdev_init } from '../../../../net/netfilter/nf_log_netdev.ts';
import { nf_nat_init } from '../../../../net/netfilter/nf_nat_core.ts';
import { nf_nat_proto_init } from '../../../../net/netfilter/nf_nat_proto.ts';
import { nf_tables_module_init } from '../../../../net/netfilter/nf_tables_module.ts';
import { nfnetlink_init } from '../../../../net/netfilter/nfnetlink.ts';
import { nft_chain_nat_init } from '../../../../net/netfilter/nft_chain_nat.ts';
import { nft_counter_module_init } from '../../../../net/netfilter/nft_counter.ts';
import { nft_ct_module_init } from '../../../../net/netfilter/nft_ct.ts';
import { nft_fib_inet_module_init } from '../../../../net/netfilter/nft_fib_inet.ts';
import { nft_fib_netdev_module_init } from '../../../../net/netfilter/nft_fib_netdev.ts';
import { nft_flow_offload_module_init } from '../../../../net/netfilter/nft_flow_offload.ts';
import { nft_limit_module_init } from '../../../../net/netfilter/nft_limit.ts';
import { nft_log_module_init } from '../../../../net/netfilter/nft_log.ts';
import { nft_masq_module_init } from '../../../../net/netfilter/nft_masq.ts';
import { nft_nat_module_init } from '../../../../net/netfilter/nft_nat.ts';
import { nft_ng_module_init } from '../../../../net/netfilter/nft_numgen.ts';
import { nft_objref_module_init } from '../../../../net/netfilter/nft_objref.ts';
import { nft_quota_module_init } from '../../../../net/netfilter/nft_quota.ts';
import { nft_redir_module_init } from '../../../../net/netfilter/nft_redir.ts';
import { nft_reject_inet_module_init } from '../../../../net/netfilter/nft_reject_inet.ts';
import { packet_init } from '../../../../net/packet/af_packet.ts';
import { xfrm_init } from '../../../../net/xfrm/xfrm_policy.ts';
import { dummy_init } from '../drivers/net/dummy.ts';
import { loopback_init } from '../drivers/net/loopback.ts';
import { veth_init } from '../drivers/net/veth.ts';
import { vrf_init } from '../drivers/net/vrf.ts';
import { watch_leaks } from './leaks.ts';

/** One step of the boot. */
interface initcall {
	name: string;
	init: (m: Machine) => number | void;
}

/** In kernel order: core, then subsystems, then families, then modules. */
const initcalls: readonly initcall[] = [
	{ name: 'netfilter_init', init: netfilter_init },
	{ name: 'netfilter_log_init', init: netfilter_log_init },
	{ name: 'net_dev_init', init: net_dev_init },
	{ name: 'linkwatch_init', init: linkwatch_init },
	{ name: 'rtnetlink_init', init: rtnetlink_init },
	{ name: 'neigh_init', init: neigh_init },
	{ name: 'fib_rules_init', init: fib_rules_init },
	{ name: 'nfnetlink_init', init: nfnetlink_init },
	{ name: 'inet_init', init: inet_init },
	{ name: 'ipv4_offload_init', init: ipv4_offload_init },
	{ name: 'sysctl_ipv4_init', init: sysctl_ipv4_init },
	{ name: 'xfrm_init', init: xfrm_init },
	{ name: 'xfrm4_init', init: xfrm4_init },
	{ name: 'inet6_init', init: inet6_init },
	{ name: 'ipv6_offload_init', init: ipv6_offload_init },
	{ name: 'packet_init', init: packet_init },
	{ name: 'veth_init', init: veth_init },
	{ name: 'dummy_init', init: dummy_init },
	{ name: 'vrf_init', init: vrf_init },
	{ name: 'vlan_core_init', init: vlan_core_init },
	{ name: 'vlan_proto_init', init: vlan_proto_init },
	{ name: 'vlan_init', init: vlan_init },
	{ name: 'br_init', init: br_init },
	{ name: 'esp4_init', init: esp4_init },
	{ name: 'nf_conntrack_standalone_init', init: nf_conntrack_standalone_init },
	{ name: 'ctnetlink_init', init: ctnetlink_init },
	{ name: 'nf_log_netdev_init', init: nf_log_netdev_init },
	{ name: 'nf_nat_init', init: nf_nat_init },
	{ name: 'nf_nat_proto_init', init: nf_nat_proto_init },
	{ name: 'nf_tables_module_init', init: nf_tables_module_init },
	{ name: 'nft_ct_module_init', init: nft_ct_module_init },
	{ name: 'nft_ng_module_init', init: nft_ng_module_init },
	{ name: 'nft_limit_module_init', init: nft_limit_module_init },
	{ name: 'nft_objref_module_init', init: nft_objref_module_init },
	{ name: 'nft_counter_module_init', init: nft_counter_module_init },
	{ name: 'nft_quota_module_init', init: nft_quota_module_init },
	{ name: 'nft_log_module_init', init: nft_log_module_init },
	{ name: 'nft_masq_module_init', init: nft_masq_module_init },
	{ name: 'nft_nat_module_init', init: nft_nat_module_init },
	{ name: 'nft_redir_module_init', init: nft_redir_module_init },
	{ name: 'nft_chain_nat_init', init: nft_chain_nat_init },
	{ name: 'nf_flow_inet_module_init', init: nf_flow_inet_module_init },
	{ name: 'nft_flow_offload_module_init', init: nft_flow_offload_module_init },
	{ name: 'nf_defrag_ipv4_init', init: nf_defrag_ipv4_init },
	{ name: 'nf_log_arp_init', init: nf_log_arp_init },
	{ name: 'nf_log_ipv4_init', init: nf_log_ipv4_init },
	{ name: 'nf_flow_ipv4_module_init', init: nf_flow_ipv4_module_init },
	{ name: 'nft_reject_ipv4_module_init', init: nft_reject_ipv4_module_init },
	{ name: 'nft_fib4_module_init', init: nft_fib4_module_init },
	{ name: 'nf_defrag_ipv6_init', init: nf_defrag_ipv6_init },
	{ name: 'nf_log_ipv6_init', init: nf_log_ipv6_init },
	{ name: 'nf_flow_ipv6_module_init', init: nf_flow_ipv6_module_init },
	{ name: 'nft_reject_ipv6_module_init', init: nft_reject_ipv6_module_init },
	{ name: 'nft_fib6_module_init', init: nft_fib6_module_init },
	{ name: 'nft_reject_inet_module_init', init: nft_reject_inet_module_init },
	{ name: 'nft_fib_inet_module_init', init: nft_fib_inet_module_init },
	{ name: 'nft_fib_netdev_module_init', init: nft_fib_netdev_module_init },
	/* a pernet device: it comes when all subsystems of a namespace are there */
	{ name: 'loopback_init', init: loopback_init },
];

/** Boots a machine; throws when a step fails. */
export function boot(m: Machine): void {
	const net = copy_net_ns(m);
	if (typeof net === 'number') throw new Error(`boot: init_net: errno ${-net}`);
	for (const { name, init } of initcalls) {
		const err = init(m);
		if (typeof err === 'number' && err < 0) throw new Error(`boot: ${name}: errno ${-err}`);
	}
	m.run_pending();
	watch_leaks(m);
}
