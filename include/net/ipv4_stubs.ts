/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PORT: no kernel file of this path; the sister of include/net/ipv6_stubs.h. The files of net/ipv4/ are linked together
 * in C and call each other both ways; here imports go one way (devinet, fib_rules, fib_semantics, fib_trie,
 * fib_frontend, route, arp, then icmp, ip_forward, ip_output, ip_input, the transports), and a call against that
 * order goes through this table, which the init functions fill.
 */
import { machine_var } from '../linux/machine.ts';
import type { net_device } from '../linux/netdevice.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import type { in_ifaddr } from '../linux/inetdevice.ts';
import type { __be32, u32 } from '../linux/types.ts';
import type { dst_entry } from './dst.ts';
import type { flowi4 } from './flow.ts';
import type { ip_options } from './inet_sock.ts';
import type { fib_info, fib_table } from './ip_fib.ts';
import type { net } from './net_namespace.ts';
import type { nlmsg } from './netlink.ts';
import type { sock } from './sock.ts';
import { RTN_BROADCAST } from '../uapi/linux/rtnetlink.ts';

/** The table; see the header of this file. */
export class ipv4_stub_t {
	/* net/ipv4/ip_input.ts, set by ip_init() */
	ip_local_deliver: ((skb: sk_buff) => number) | null = null;
	/* net/ipv4/ip_forward.ts, set by ip_init() */
	ip_forward: ((skb: sk_buff) => number) | null = null;
	/* net/ipv4/ip_output.ts, set by ip_init() */
	ip_output: ((net: net, sk: sock | null, skb: sk_buff) => number) | null = null;
	ip_mc_output: ((net: net, sk: sock | null, skb: sk_buff) => number) | null = null;

	__ip_local_out: ((net: net, sk: sock | null, skb: sk_buff) => number) | null = null;

	/* net/ipv4/ip_options.ts, set by ip_init() */
	/** Fills opt, whose optlen is set, from a packet; 0 or a negative errno. */
	__ip_options_compile: ((net: net, opt: ip_options, skb: sk_buff) => number) | null = null;

	/* net/xfrm/xfrm_policy.ts, set by xfrm_init() */
	/** The route under a bundle; a plain route itself. */
	xfrm_dst_path: (dst: dst_entry) => dst_entry = (dst) => dst;

	/* net/ipv4/icmp.ts, set by icmp_init() */
	/** info: network order; for a redirect the gateway, for "fragmentation needed" the MTU. */
	icmp_send: (skb_in: sk_buff, type: number, code: number, info: __be32) => void = () => {};

	/* net/ipv4/fib_frontend.ts, set by ip_fib_init() */
	fib_new_table: (net: net, id: u32) => fib_table | null = () => null;
	fib_unmerge: (net: net) => number = () => 0;
	fib_flush: (net: net) => void = () => {};
	fib_add_ifaddr: (ifa: in_ifaddr) => void = () => {};
	fib_del_ifaddr: (ifa: in_ifaddr, iprim: in_ifaddr | null) => void = () => {};
	fib_modify_prefix_metric: (ifa: in_ifaddr, new_metric: u32) => void = () => {};
	inet_addr_type_table: (net: net, addr: __be32, tb_id: u32) => number = () => RTN_BROADCAST;
	inet_addr_type_dev_table: (net: net, dev: net_device, addr: __be32) => number = () =>
		RTN_BROADCAST;

	/* net/ipv4/route.ts, set by ip_rt_init() */
	fib_multipath_hash: (net: net, fl4: flowi4, skb: sk_buff | null) => number = () => 0;
	rt_flush_dev: (dev: net_device) => void = () => {};
	fib_dump_info_fnhe: (
		net: net,
		tb_id: u32,
		fi: fib_info,
		flags: number,
		out: nlmsg[],
	) => void = () => {};

	/* net/ipv4/arp.ts, set by arp_init() */
	arp_send: (
		type: number,
		ptype: number,
		dest_ip: __be32,
		dev: net_device,
		src_ip: __be32,
		dest_hw: Uint8Array | null,
		src_hw: Uint8Array | null,
		target_hw: Uint8Array | null,
	) => void = () => {};
	arp_ifdown: (dev: net_device) => void = () => {};
}

/** The machine's table. */
export const ipv4_stub = machine_var(() => new ipv4_stub_t());
