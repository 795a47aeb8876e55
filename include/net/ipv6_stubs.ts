/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/ipv6_stubs.h, base v5.10: calls into IPv6 from code that does not depend on it.
 *
 * PORT: one table a machine, filled by the init functions of net/ipv6/. The second half of the table is not in
 * the C, where the files of net/ipv6/ are linked together and call each other both ways; here imports go one
 * way (addrconf_core, ip6_fib, fib6_rules, route, ndisc, mcast, anycast, addrconf, ip6_output, icmp, the
 * transports, af_inet6), and a call against that order goes through the table.
 * Not ported: multicast joins, next hops and UDP encapsulation for other modules, which nothing here asks for.
 */
import type { net } from './net_namespace.ts';
import type { net_device } from '../linux/netdevice.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import type { in6_addr } from '../linux/types.ts';
import type { sock } from './sock.ts';
import type { dst_entry } from './dst.ts';
import type { flowi6 } from './flow.ts';
import type { netlink_ext_ack } from './netlink.ts';
import type { neigh_table, neighbour } from './neighbour.ts';
import type { okfn_t } from '../linux/netfilter.ts';
import type { inet6_dev, inet6_ifaddr } from './if_inet6.ts';
import type {
	fib6_gc_args,
	fib6_info,
	fib6_config,
	fib6_nh,
	nl_info6,
} from './ip6_fib.ts';
import type { rt6_rtnl_dump_arg } from './ip6_route.ts';
import type { ndisc_options } from './ndisc.ts';
import { machine_var } from '../linux/machine.ts';
import { EAFNOSUPPORT } from '../uapi/linux/errno.ts';

/** The table; see the header of this file. */
export class ipv6_stub_t {
	/* as in the C */
	ipv6_dst_lookup_flow: (
		net: net,
		sk: sock | null,
		fl6: flowi6,
		final_dst: in6_addr | null,
	) => dst_entry | number = () => -EAFNOSUPPORT;
	ipv6_route_input: (skb: sk_buff) => number = () => -EAFNOSUPPORT;
	ndisc_send_na: (
		dev: net_device,
		daddr: in6_addr,
		solicited_addr: in6_addr,
		router: boolean,
		solicited: boolean,
		override: boolean,
		inc_opt: boolean,
	) => void = () => {};
	nd_tbl: neigh_table | null = null;
	ipv6_fragment: (net: net, sk: sock | null, skb: sk_buff, output: okfn_t) => number = () =>
		-EAFNOSUPPORT;
	fib6_nh_init: (
		net: net,
		fib6_nh: fib6_nh,
		cfg: fib6_config,
		extack: netlink_ext_ack | null,
	) => number = () => -EAFNOSUPPORT;

	/* PORT: net/ipv6/route.ts for ip6_fib.ts */
	fib6_nh_release: (nh: fib6_nh) => void = () => {};
	rt6_flush_exceptions: (f6i: fib6_info) => void = () => {};
	rt6_age_exceptions: (f6i: fib6_info, gc_args: fib6_gc_args, now: number) => void = () => {};
	rt6_multipath_rebalance: (f6i: fib6_info) => void = () => {};
	rt6_dump_route: (rt: fib6_info, arg: rt6_rtnl_dump_arg) => void = () => {};
	inet6_rt_notify: (
		event: number,
		rt: fib6_info,
		info: nl_info6,
		flags: number,
	) => void = () => {};

	/* PORT: net/ipv6/ip6_input.ts and ip6_output.ts for route.ts */
	ip6_input: (skb: sk_buff) => number = () => -EAFNOSUPPORT;
	ip6_mc_input: (skb: sk_buff) => number = () => -EAFNOSUPPORT;
	ip6_forward: (skb: sk_buff) => number = () => -EAFNOSUPPORT;
	ip6_output: okfn_t = () => -EAFNOSUPPORT;
	__ip6_local_out: okfn_t = () => -EAFNOSUPPORT;

	/* PORT: net/ipv6/ndisc.ts for route.ts */
	ndisc_send_ns: (
		dev: net_device,
		solicit: in6_addr,
		daddr: in6_addr,
		saddr: in6_addr | null,
		nonce: Uint8Array | null,
	) => void = () => {};
	ndisc_parse_options: (
		dev: net_device,
		skb: sk_buff,
		opt: number,
		opt_len: number,
		ndopts: ndisc_options,
	) => ndisc_options | null = () => null;
	ndisc_update: (
		dev: net_device,
		neigh: neighbour,
		lladdr: Uint8Array | null,
		state: number,
		flags: number,
		icmp6_type: number,
	) => void = () => {};

	/* PORT: net/ipv6/addrconf.ts for fib6_rules.ts, route.ts, ndisc.ts, mcast.ts and anycast.ts */
	ipv6_chk_addr: (
		net: net,
		addr: in6_addr,
		dev: net_device | null,
		strict: number,
	) => boolean = () => false;
	ipv6_chk_addr_and_flags: (
		net: net,
		addr: in6_addr,
		dev: net_device | null,
		skip_dev_check: boolean,
		strict: number,
		banned_flags: number,
	) => boolean = () => false;
	ipv6_get_ifaddr: (
		net: net,
		addr: in6_addr,
		dev: net_device | null,
		strict: number,
	) => inet6_ifaddr | null = () => null;
	ipv6_dev_get_saddr: (
		net: net,
		dst_dev: net_device | null,
		daddr: in6_addr,
		prefs: number,
		saddr: in6_addr,
	) => number = () => -EAFNOSUPPORT;
	__ipv6_get_lladdr: (
		idev: inet6_dev,
		addr: in6_addr,
		banned_flags: number,
	) => number = () => -EAFNOSUPPORT;
	ipv6_get_lladdr: (
		dev: net_device,
		addr: in6_addr,
		banned_flags: number,
	) => number = () => -EAFNOSUPPORT;
	inet6_ifa_finish_destroy: (ifp: inet6_ifaddr) => void = () => {};
	addrconf_dad_failure: (skb: sk_buff, ifp: inet6_ifaddr) => void = () => {};
	addrconf_prefix_rcv: (
		dev: net_device,
		skb: sk_buff,
		opt: number,
		len: number,
		sllao: boolean,
	) => void = () => {};
	ipv6_chk_prefix: (addr: in6_addr, dev: net_device) => boolean = () => false;
	addrconf_join_solict: (dev: net_device, addr: in6_addr) => void = () => {};
	addrconf_leave_solict: (idev: inet6_dev, addr: in6_addr) => void = () => {};
	inet6_ifinfo_notify: (event: number, idev: inet6_dev) => void = () => {};

	/* PORT: net/ipv6/icmp.ts for ndisc.ts, mcast.ts and exthdrs.ts */
	icmpv6_flow_init: (
		sk: sock,
		fl6: flowi6,
		type: number,
		saddr: in6_addr,
		daddr: in6_addr,
		oif: number,
	) => void = () => {};
	icmpv6_param_prob: (skb: sk_buff, code: number, pos: number) => void = () => {};
	icmpv6_notify: (skb: sk_buff, type: number, code: number, info: number) => void = () => {};

	/* PORT: net/ipv6/datagram.ts for route.ts and ip6_output.ts */
	ip6_datagram_dst_update: (sk: sock, fix_sk_saddr: boolean) => number = () => -EAFNOSUPPORT;
	ipv6_local_error: (sk: sock, err: number, fl6: flowi6, info: number) => void = () => {};
	ipv6_local_rxpmtu: (sk: sock, fl6: flowi6, mtu: number) => void = () => {};

	/* PORT: net/ipv6/raw.ts for icmp.ts */
	raw6_icmp_error: (
		skb: sk_buff,
		nexthdr: number,
		type: number,
		code: number,
		inner_offset: number,
		info: number,
	) => void = () => {};
}

export const ipv6_stub = machine_var(() => new ipv6_stub_t());
