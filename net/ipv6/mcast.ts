// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/mcast.c, base v5.10: groups of devices and sockets; listener reports of versions 1 and 2.
 *
 * Not ported: lists of sources (MCAST_JOIN_SOURCE_GROUP and its kin), which no program of this tree sets: every
 * group excludes nothing, so records of sources and changes of filter mode but by joining and leaving cannot
 * be; /proc/net/igmp6, NETDEV_RESEND_IGMP (bonding), the settings mld_max_msf and mld_qrv.
 */
import { get_unaligned_be16, put_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { icmp6_hdr } from '../../include/linux/icmpv6.ts';
import {
	in6addr_any,
	in6addr_linklocal_allnodes,
	in6addr_linklocal_allrouters,
	mld2_all_mcr,
} from '../../include/linux/in6.ts';
import { inet6_sk, IP6CB, IP6SKB_ROUTERALERT, ipv6_hdr } from '../../include/linux/ipv6.ts';
import { HZ, msecs_to_jiffies, prandom_u32, type Machine } from '../../include/linux/machine.ts';
import { LL_RESERVED_SPACE, MAX_ADDR_LEN, type net_device } from '../../include/linux/netdevice.ts';
import {
	PACKET_BROADCAST,
	PACKET_LOOPBACK,
	PACKET_MULTICAST,
	skb_network_header_len,
	skb_reserve,
	skb_reset_network_header,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import { PF_INET6, SOCK_RAW } from '../../include/linux/socket.ts';
import { del_timer, mod_timer, timer_setup } from '../../include/linux/timer.ts';
import type { in6_addr } from '../../include/linux/types.ts';
import {
	__in6_dev_get,
	__in6_dev_put,
	in6_dev_get,
	in6_dev_hold,
	ipv6_addr_is_ll_all_nodes,
} from '../../include/net/addrconf.ts';
import { csum_ipv6_magic, csum_partial } from '../../include/net/checksum.ts';
import { dst_output, skb_dst_set } from '../../include/net/dst.ts';
import { flowi6 } from '../../include/net/flow.ts';
import {
	ifmcaddr6,
	ipv6_mc_socklist,
	MAF_LAST_REPORTER,
	MAF_LOADED,
	MAF_NOREPORT,
	MAF_TIMER_RUNNING,
	type inet6_dev,
} from '../../include/net/if_inet6.ts';
import {
	ip6_flow_hdr,
	IPV6_ADDR_ANY,
	ipv6_addr_copy,
	ipv6_addr_equal,
	ipv6_addr_is_multicast,
	IPV6_ADDR_LINKLOCAL,
	IPV6_ADDR_MC_SCOPE,
	IPV6_ADDR_MULTICAST,
	IPV6_ADDR_SCOPE_LINKLOCAL,
	ipv6_addr_type,
	NEXTHDR_HOP,
} from '../../include/net/ipv6.ts';
import { ipv6_stub } from '../../include/net/ipv6_stubs.ts';
import {
	MLD2_GREC_LEN,
	MLD2_GREC_mca,
	MLD2_GREC_type,
	MLD2_QUERY_LEN,
	MLD2_QUERY_nsrcs,
	MLD2_QUERY_qqic,
	MLD2_QUERY_qrv,
	MLD2_REPORT_LEN,
	MLD2_REPORT_ngrec,
	MLD_MSG_LEN,
	MLD_MSG_maxdelay,
	MLD_MSG_mca,
	MLDV1_MRD_MAX_COMPAT,
	MLDV2_QQIC_EXP,
	MLDV2_QQIC_MAN,
	mldv2_mrc,
} from '../../include/net/mld.ts';
import type { net, pernet_operations } from '../../include/net/net_namespace.ts';
import {
	ICMP6_INC_STATS,
	ICMP6MSGOUT_INC_STATS,
	IP6_INC_STATS,
	IP6_UPD_PO_STATS,
} from '../../include/net/snmp.ts';
import { sock_net, type sock } from '../../include/net/sock.ts';
import {
	EADDRINUSE,
	EADDRNOTAVAIL,
	EINVAL,
	ENODEV,
	ENOENT,
} from '../../include/uapi/linux/errno.ts';
import {
	ICMP6HDR_cksum,
	ICMP6HDR_LEN,
	ICMP6HDR_type,
	ICMPV6_MGM_REDUCTION,
	ICMPV6_MGM_REPORT,
	ICMPV6_MLD2_REPORT,
	MLD2_CHANGE_TO_EXCLUDE,
	MLD2_CHANGE_TO_INCLUDE,
	MLD2_MODE_IS_EXCLUDE,
} from '../../include/uapi/linux/icmpv6.ts';
import { IFF_UP } from '../../include/uapi/linux/if.ts';
import { IFA_F_TENTATIVE } from '../../include/uapi/linux/if_addr.ts';
import { ETH_P_IPV6 } from '../../include/uapi/linux/if_ether.ts';
import { IPPROTO_ICMPV6 } from '../../include/uapi/linux/in.ts';
import { IPV6_TLV_PADN, IPV6_TLV_ROUTERALERT } from '../../include/uapi/linux/in6.ts';
import {
	IPV6_MIN_MTU,
	IPV6_OPT_ROUTERALERT_MLD,
	IPV6HDR_daddr,
	IPV6HDR_hop_limit,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_payload_len,
	IPV6HDR_saddr,
} from '../../include/uapi/linux/ipv6.ts';
import { NF_INET_LOCAL_OUT, NFPROTO_IPV6 } from '../../include/uapi/linux/netfilter.ts';
import {
	ICMP6_MIB_OUTMSGS,
	IPSTATS_MIB_OUTDISCARDS,
	IPSTATS_MIB_OUTOCTETS,
	IPSTATS_MIB_OUTPKTS,
} from '../../include/uapi/linux/snmp.ts';
import { __dev_get_by_index } from '../core/dev.ts';
import { dev_mc_add, dev_mc_del } from '../core/dev_addr_lists.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import { kfree_skb, pskb_may_pull, skb_put, skb_put_data } from '../core/skbuff.ts';
import { sock_alloc_send_skb, type errcode } from '../core/sock.ts';
import { inet_ctl_sock_create, inet_ctl_sock_destroy } from '../ipv4/inet_common.ts';
import { NF_HOOK } from '../netfilter/core.ts';
import { in6_dev_put } from './addrconf_core.ts';
import { ip6_rt_put } from './ip6_fib.ts';
import { ndisc_mc_map } from './ndisc.ts';
import { icmp6_dst_alloc, rt6_lookup } from './route.ts';

const MLD_QRV_DEFAULT = 2;
const MLD_QI_DEFAULT = 125 * HZ;
const MLD_QRI_DEFAULT = 10 * HZ;

const MLD_V1_QUERY_LEN = 24;
const MLD_V2_QUERY_LEN_MIN = 28;

const sysctl_mld_qrv = MLD_QRV_DEFAULT;

/** include/uapi/linux/pkt_sched.h */
const TC_PRIO_CONTROL = 7;
/** SKB_MAX_ORDER(0, 0): a page without the shared info. */
const SKB_MAX_ORDER_0 = 4096 - 320;

/** Hop-by-hop options header with the router alert of listener messages. */
const ra = Uint8Array.of(IPPROTO_ICMPV6, 0, IPV6_TLV_ROUTERALERT, 2, 0, 0, IPV6_TLV_PADN, 0);

/**
 * Time over which reports that nobody asked for are spread.
 * @returns jiffies
 * @kernel net/ipv6/mcast.c:121 (v5.10)
 */
function unsolicited_report_interval(idev: inet6_dev): number {
	const iv = mld_in_v1_mode(idev)
		? idev.cnf.mldv1_unsolicited_report_interval
		: idev.cnf.mldv2_unsolicited_report_interval;
	return iv > 0 ? iv : 1;
}

/**
 * Device of a group: the one asked for, or that of the route.
 * @param ifindex 0 for none asked for
 * @kernel PORT: shared by __ipv6_sock_mc_join() and ip6_mc_find_dev_rcu()
 */
function mc_find_dev(net: net, addr: in6_addr, ifindex: number): net_device | null {
	if (ifindex !== 0) return __dev_get_by_index(net, ifindex);
	const rt = rt6_lookup(net, addr, null, 0, null, 0);
	if (rt === null) return null;
	const { dev } = rt;
	ip6_rt_put(rt);
	return dev;
}

/**
 * Joins a group for a socket.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/mcast.c:133 (v5.10)
 */
function __ipv6_sock_mc_join(sk: sock, ifindex: number, addr: in6_addr): number {
	const np = inet6_sk(sk)!;

	if (!ipv6_addr_is_multicast(addr)) return -EINVAL;

	for (let l = np.ipv6_mc_list; l !== null; l = l.next)
		if ((ifindex === 0 || l.ifindex === ifindex) && ipv6_addr_equal(l.addr, addr))
			return -EADDRINUSE;

	const dev = mc_find_dev(sock_net(sk), addr, ifindex);
	if (dev === null) return -ENODEV;

	const mc_lst = new ipv6_mc_socklist();
	ipv6_addr_copy(mc_lst.addr, addr);
	mc_lst.ifindex = dev.ifindex;

	const err = __ipv6_dev_mc_inc(dev, addr);
	if (err !== 0) return err;

	mc_lst.next = np.ipv6_mc_list;
	np.ipv6_mc_list = mc_lst;
	return 0;
}

/**
 * Joins a group for a socket.
 * @param ifindex 0: by the route
 * @returns 0 or a negative errno
 * @kernel net/ipv6/mcast.c:202 (v5.10)
 */
export function ipv6_sock_mc_join(sk: sock, ifindex: number, addr: in6_addr): number {
	return __ipv6_sock_mc_join(sk, ifindex, addr);
}

/**
 * Takes a socket's membership off its device.
 * @kernel PORT: shared by ipv6_sock_mc_drop() and __ipv6_sock_mc_close()
 */
function mc_leave(sk: sock, mc_lst: ipv6_mc_socklist): void {
	const dev = __dev_get_by_index(sock_net(sk), mc_lst.ifindex);
	const idev = dev !== null ? __in6_dev_get(dev) : null;
	if (idev !== null) __ipv6_dev_mc_dec(idev, mc_lst.addr);
}

/**
 * Leaves a group for a socket.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/mcast.c:217 (v5.10)
 */
export function ipv6_sock_mc_drop(sk: sock, ifindex: number, addr: in6_addr): number {
	const np = inet6_sk(sk)!;
	let prev: ipv6_mc_socklist | null = null;

	if (!ipv6_addr_is_multicast(addr)) return -EINVAL;

	for (let l = np.ipv6_mc_list; l !== null; prev = l, l = l.next) {
		if ((ifindex === 0 || l.ifindex === ifindex) && ipv6_addr_equal(l.addr, addr)) {
			if (prev !== null) prev.next = l.next;
			else np.ipv6_mc_list = l.next;
			mc_leave(sk, l);
			return 0;
		}
	}
	return -EADDRNOTAVAIL;
}

/**
 * Leaves all groups of a socket that ends.
 * @kernel net/ipv6/mcast.c:289 (v5.10)
 */
export function __ipv6_sock_mc_close(sk: sock): void {
	const np = inet6_sk(sk)!;

	for (let l = np.ipv6_mc_list; l !== null; l = np.ipv6_mc_list) {
		np.ipv6_mc_list = l.next;
		mc_leave(sk, l);
	}
}

/**
 * Leaves all groups of a socket that ends.
 * @kernel net/ipv6/mcast.c:317 (v5.10)
 */
export function ipv6_sock_mc_close(sk: sock): void {
	if (inet6_sk(sk)?.ipv6_mc_list != null) __ipv6_sock_mc_close(sk);
}

/**
 * Tells whether a socket takes packets to a group.
 * @param off where the group's address starts
 * @kernel net/ipv6/mcast.c:617 (v5.10)
 */
export function inet6_mc_check(sk: sock, mc_addr: Uint8Array, off = 0): boolean {
	const np = inet6_sk(sk)!;

	for (let mc = np.ipv6_mc_list; mc !== null; mc = mc.next)
		if (ipv6_addr_equal(mc.addr, mc_addr, 0, off)) return true;
	return np.mc_all !== 0;
}

/**
 * Tells the link, and its listeners, of a new group.
 * @kernel net/ipv6/mcast.c:656 (v5.10)
 */
function igmp6_group_added(mc: ifmcaddr6): void {
	const { dev } = mc.idev;

	if (IPV6_ADDR_MC_SCOPE(mc.mca_addr) < IPV6_ADDR_SCOPE_LINKLOCAL) return;

	if ((mc.mca_flags & MAF_LOADED) === 0) {
		const buf = new Uint8Array(MAX_ADDR_LEN);
		mc.mca_flags |= MAF_LOADED;
		if (ndisc_mc_map(mc.mca_addr, buf, dev, 0) === 0)
			dev_mc_add(dev, buf.slice(0, dev.addr_len));
	}

	if ((dev.flags & IFF_UP) === 0 || (mc.mca_flags & MAF_NOREPORT) !== 0) return;

	if (mld_in_v1_mode(mc.idev)) {
		igmp6_join_group(mc);
		return;
	}

	mc.mca_crcount = mc.idev.mc_qrv;

	mld_ifc_event(mc.idev);
}

/**
 * Tells the link, and its listeners, that a group is left.
 * @kernel net/ipv6/mcast.c:692 (v5.10)
 */
function igmp6_group_dropped(mc: ifmcaddr6): void {
	const { dev } = mc.idev;

	if (IPV6_ADDR_MC_SCOPE(mc.mca_addr) < IPV6_ADDR_SCOPE_LINKLOCAL) return;

	if ((mc.mca_flags & MAF_LOADED) !== 0) {
		const buf = new Uint8Array(MAX_ADDR_LEN);
		mc.mca_flags &= ~MAF_LOADED;
		if (ndisc_mc_map(mc.mca_addr, buf, dev, 0) === 0)
			dev_mc_del(dev, buf.slice(0, dev.addr_len));
	}

	if ((mc.mca_flags & MAF_NOREPORT) !== 0) return;

	if (mc.idev.dead === 0) igmp6_leave_group(mc);

	if (del_timer(mc.mca_timer!) !== 0) mc.mca_refcnt--;
}

/**
 * Remembers a group that was left, to report it.
 * @kernel net/ipv6/mcast.c:724 (v5.10)
 */
function mld_add_delrec(idev: inet6_dev, im: ifmcaddr6): void {
	const pmc = new ifmcaddr6(im.idev);
	in6_dev_hold(idev);
	ipv6_addr_copy(pmc.mca_addr, im.mca_addr);
	pmc.mca_crcount = idev.mc_qrv;

	pmc.next = idev.mc_tomb;
	idev.mc_tomb = pmc;
}

/**
 * Forgets that a group was left, which is joined again.
 * @kernel net/ipv6/mcast.c:762 (v5.10)
 */
function mld_del_delrec(idev: inet6_dev, im: ifmcaddr6): void {
	let pmc_prev: ifmcaddr6 | null = null;
	let pmc = idev.mc_tomb;

	for (; pmc !== null; pmc_prev = pmc, pmc = pmc.next)
		if (ipv6_addr_equal(pmc.mca_addr, im.mca_addr)) break;
	if (pmc === null) return;

	if (pmc_prev !== null) pmc_prev.next = pmc.next;
	else idev.mc_tomb = pmc.next;

	im.idev = pmc.idev;
	im.mca_crcount = idev.mc_qrv;
	in6_dev_put(pmc.idev);
}

/**
 * Forgets all groups that were left.
 * @kernel net/ipv6/mcast.c:801 (v5.10)
 */
function mld_clear_delrec(idev: inet6_dev): void {
	let pmc = idev.mc_tomb;
	idev.mc_tomb = null;

	while (pmc !== null) {
		const nextpmc: ifmcaddr6 | null = pmc.next;
		in6_dev_put(pmc.idev);
		pmc = nextpmc;
	}
}

/**
 * Takes a reference on a device's group.
 * @kernel net/ipv6/mcast.c:834 (v5.10)
 */
function mca_get(mc: ifmcaddr6): void {
	mc.mca_refcnt++;
}

/**
 * Drops a reference on a device's group.
 * @kernel net/ipv6/mcast.c:839 (v5.10)
 */
function ma_put(mc: ifmcaddr6): void {
	if (--mc.mca_refcnt === 0) in6_dev_put(mc.idev);
}

/**
 * Makes a group of a device.
 * @param idev its reference is taken over
 * @kernel net/ipv6/mcast.c:847 (v5.10)
 */
function mca_alloc(idev: inet6_dev, addr: in6_addr): ifmcaddr6 {
	const m = idev.dev.machine;
	const mc = new ifmcaddr6(idev);

	mc.mca_timer = timer_setup(m, () => {
		igmp6_timer_handler(mc);
	});

	ipv6_addr_copy(mc.mca_addr, addr);
	mc.mca_users = 1;
	mc.mca_cstamp = mc.mca_tstamp = m.jiffies;

	if (
		ipv6_addr_is_ll_all_nodes(mc.mca_addr) ||
		IPV6_ADDR_MC_SCOPE(mc.mca_addr) < IPV6_ADDR_SCOPE_LINKLOCAL
	)
		mc.mca_flags |= MAF_NOREPORT;
	return mc;
}

/**
 * Joins a group on a device, or counts one more user.
 * @returns 0, -EINVAL without IPv6, -ENODEV when the device goes away
 * @kernel net/ipv6/mcast.c:880 (v5.10)
 */
function __ipv6_dev_mc_inc(dev: net_device, addr: in6_addr): number {
	const idev = in6_dev_get(dev);
	if (idev === null) return -EINVAL;

	if (idev.dead !== 0) {
		in6_dev_put(idev);
		return -ENODEV;
	}

	for (let mc = idev.mc_list; mc !== null; mc = mc.next) {
		if (ipv6_addr_equal(mc.mca_addr, addr)) {
			mc.mca_users++;
			in6_dev_put(idev);
			return 0;
		}
	}

	const mc = mca_alloc(idev, addr);

	mc.next = idev.mc_list;
	idev.mc_list = mc;

	mca_get(mc);
	mld_del_delrec(idev, mc);
	igmp6_group_added(mc);
	ma_put(mc);
	return 0;
}

/**
 * Joins a group on a device, or counts one more user.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/mcast.c:933 (v5.10)
 */
export function ipv6_dev_mc_inc(dev: net_device, addr: in6_addr): number {
	return __ipv6_dev_mc_inc(dev, addr);
}

/**
 * Counts one user of a device's group less; the last one leaves it.
 * @returns 0 or -ENOENT
 * @kernel net/ipv6/mcast.c:942 (v5.10)
 */
export function __ipv6_dev_mc_dec(idev: inet6_dev, addr: in6_addr): number {
	let prev: ifmcaddr6 | null = null;

	for (let ma = idev.mc_list; ma !== null; prev = ma, ma = ma.next) {
		if (!ipv6_addr_equal(ma.mca_addr, addr)) continue;
		if (--ma.mca_users === 0) {
			if (prev !== null) prev.next = ma.next;
			else idev.mc_list = ma.next;

			igmp6_group_dropped(ma);
			ma_put(ma);
		}
		return 0;
	}
	return -ENOENT;
}

/**
 * Counts one user of a device's group less; the last one leaves it.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/mcast.c:970 (v5.10)
 */
export function ipv6_dev_mc_dec(dev: net_device, addr: in6_addr): number {
	const idev = __in6_dev_get(dev);
	return idev === null ? -ENODEV : __ipv6_dev_mc_dec(idev, addr);
}

/**
 * Tells whether a device takes packets to a group.
 * @param group holds the group's address
 * @param _src_addr holds the sender's address, or null
 * @param goff where the group's address starts
 * @param _soff where the sender's address starts
 * @kernel net/ipv6/mcast.c:990 (v5.10)
 */
export function ipv6_chk_mcast_addr(
	dev: net_device,
	group: Uint8Array,
	_src_addr: Uint8Array | null,
	goff = 0,
	_soff = 0,
): boolean {
	const idev = __in6_dev_get(dev);
	if (idev === null) return false;
	for (let mc = idev.mc_list; mc !== null; mc = mc.next)
		if (ipv6_addr_equal(mc.mca_addr, group, 0, goff)) return true;
	return false;
}

/**
 * Random part of a delay.
 * @kernel PORT: prandom_u32() % delay
 */
function mld_random(idev: inet6_dev, delay: number): number {
	return prandom_u32(idev.dev.machine) % delay;
}

/**
 * Lets the answer to a general query be sent.
 * @kernel net/ipv6/mcast.c:1030 (v5.10)
 */
function mld_gq_start_timer(idev: inet6_dev): void {
	const tv = mld_random(idev, idev.mc_maxdelay);

	idev.mc_gq_running = 1;
	if (mod_timer(idev.mc_gq_timer!, idev.dev.machine.jiffies + tv + 2) === 0)
		in6_dev_hold(idev);
}

/**
 * Calls the answer to a general query off.
 * @kernel net/ipv6/mcast.c:1039 (v5.10)
 */
function mld_gq_stop_timer(idev: inet6_dev): void {
	idev.mc_gq_running = 0;
	if (del_timer(idev.mc_gq_timer!) !== 0) __in6_dev_put(idev);
}

/**
 * Lets a report of changes be sent.
 * @param delay jiffies over which it is spread
 * @kernel net/ipv6/mcast.c:1046 (v5.10)
 */
function mld_ifc_start_timer(idev: inet6_dev, delay: number): void {
	const tv = mld_random(idev, delay);

	if (mod_timer(idev.mc_ifc_timer!, idev.dev.machine.jiffies + tv + 2) === 0)
		in6_dev_hold(idev);
}

/**
 * Calls reports of changes off.
 * @kernel net/ipv6/mcast.c:1054 (v5.10)
 */
function mld_ifc_stop_timer(idev: inet6_dev): void {
	idev.mc_ifc_count = 0;
	if (del_timer(idev.mc_ifc_timer!) !== 0) __in6_dev_put(idev);
}

/**
 * Lets the report that follows a first address be sent again.
 * @param delay jiffies over which it is spread
 * @kernel net/ipv6/mcast.c:1061 (v5.10)
 */
function mld_dad_start_timer(idev: inet6_dev, delay: number): void {
	const tv = mld_random(idev, delay);

	if (mod_timer(idev.mc_dad_timer!, idev.dev.machine.jiffies + tv + 2) === 0)
		in6_dev_hold(idev);
}

/**
 * Calls that report off.
 * @kernel net/ipv6/mcast.c:1069 (v5.10)
 */
function mld_dad_stop_timer(idev: inet6_dev): void {
	if (del_timer(idev.mc_dad_timer!) !== 0) __in6_dev_put(idev);
}

/**
 * Someone asked for a group: lets the answer be sent within a time.
 * @param resptime jiffies
 * @kernel net/ipv6/mcast.c:1079 (v5.10)
 */
function igmp6_group_queried(ma: ifmcaddr6, resptime: number): void {
	const m = ma.idev.dev.machine;
	const timer = ma.mca_timer!;
	let delay = resptime;

	if (
		ipv6_addr_is_ll_all_nodes(ma.mca_addr) ||
		IPV6_ADDR_MC_SCOPE(ma.mca_addr) < IPV6_ADDR_SCOPE_LINKLOCAL
	)
		return;

	if (del_timer(timer) !== 0) {
		ma.mca_refcnt--;
		delay = timer.expires - m.jiffies;
	}

	if (delay >= resptime) delay = mld_random(ma.idev, resptime);

	if (mod_timer(timer, m.jiffies + delay) === 0) ma.mca_refcnt++;
	ma.mca_flags |= MAF_TIMER_RUNNING;
}

/**
 * Version that is enforced on a device.
 * @returns 1, 2 or 0 for none
 * @kernel net/ipv6/mcast.c:1162 (v5.10)
 */
function mld_force_mld_version(idev: inet6_dev): number {
	const all = idev.dev.nd_net.ipv6.devconf_all!.force_mld_version;
	return all !== 0 ? all : idev.cnf.force_mld_version;
}

/**
 * Tells whether version 2 is enforced.
 * @kernel net/ipv6/mcast.c:1175 (v5.10)
 */
function mld_in_v2_mode_only(idev: inet6_dev): boolean {
	return mld_force_mld_version(idev) === 2;
}

/**
 * Tells whether version 1 is enforced.
 * @kernel net/ipv6/mcast.c:1180 (v5.10)
 */
function mld_in_v1_mode_only(idev: inet6_dev): boolean {
	return mld_force_mld_version(idev) === 1;
}

/**
 * Tells whether version 1 is spoken on a link.
 * @kernel net/ipv6/mcast.c:1185 (v5.10)
 */
function mld_in_v1_mode(idev: inet6_dev): boolean {
	if (mld_in_v2_mode_only(idev)) return false;
	if (mld_in_v1_mode_only(idev)) return true;
	return idev.mc_v1_seen !== 0 && idev.dev.machine.jiffies < idev.mc_v1_seen;
}

/**
 * Speaks version 1 for a while.
 * @kernel net/ipv6/mcast.c:1197 (v5.10)
 */
function mld_set_v1_mode(idev: inet6_dev): void {
	const switchback = idev.mc_qrv * idev.mc_qi + idev.mc_qri;

	idev.mc_v1_seen = idev.dev.machine.jiffies + switchback;
}

/**
 * Takes the robustness variable of a query.
 * @kernel net/ipv6/mcast.c:1212 (v5.10)
 */
function mld_update_qrv(idev: inet6_dev, head: Uint8Array, mlh2: number): void {
	const min_qrv = Math.min(MLD_QRV_DEFAULT, sysctl_mld_qrv);
	const qrv = head[mlh2 + MLD2_QUERY_qrv] & 0x7;

	if (qrv > 0) idev.mc_qrv = qrv;

	if (idev.mc_qrv < min_qrv) idev.mc_qrv = min_qrv;
}

/**
 * Takes the query interval of a query.
 * @kernel net/ipv6/mcast.c:1237 (v5.10)
 */
function mld_update_qi(idev: inet6_dev, head: Uint8Array, mlh2: number): void {
	const qqic = head[mlh2 + MLD2_QUERY_qqic];
	const mc_qqi =
		qqic < 128 ? qqic : (MLDV2_QQIC_MAN(qqic) | 0x10) << (MLDV2_QQIC_EXP(qqic) + 3);

	idev.mc_qi = mc_qqi * HZ;
}

/**
 * Takes the response interval of a query.
 * @kernel net/ipv6/mcast.c:1262 (v5.10)
 */
function mld_update_qri(idev: inet6_dev, head: Uint8Array, mlh2: number): void {
	idev.mc_qri = msecs_to_jiffies(mldv2_mrc(head, mlh2));
}

/**
 * Takes a query as one of version 1.
 * @param v1_query it is one
 * @returns longest delay of the answer, jiffies, or -EINVAL
 * @kernel net/ipv6/mcast.c:1272 (v5.10)
 */
function mld_process_v1(idev: inet6_dev, head: Uint8Array, mld: number, v1_query: boolean): number {
	if (mld_in_v2_mode_only(idev)) return -EINVAL;

	let mldv1_md: number = get_unaligned_be16(head, mld + MLD_MSG_maxdelay);

	/* the field of version 2 means the same only below this */
	if (!v1_query) mldv1_md = Math.min(mldv1_md, MLDV1_MRD_MAX_COMPAT);

	if (v1_query) mld_set_v1_mode(idev);

	mld_gq_stop_timer(idev);
	mld_ifc_stop_timer(idev);
	mld_clear_delrec(idev);

	return Math.max(msecs_to_jiffies(mldv1_md), 1);
}

/**
 * Takes a query of version 2.
 * @returns longest delay of the answer, jiffies
 * @kernel net/ipv6/mcast.c:1318 (v5.10)
 */
function mld_process_v2(idev: inet6_dev, head: Uint8Array, mlh2: number): number {
	const max_delay = Math.max(msecs_to_jiffies(mldv2_mrc(head, mlh2)), 1);

	mld_update_qrv(idev, head, mlh2);
	mld_update_qi(idev, head, mlh2);
	mld_update_qri(idev, head, mlh2);

	idev.mc_maxdelay = max_delay;
	return max_delay;
}

/**
 * Takes a query.
 * @param skb data behind the ICMPv6 header; stays the caller's
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/mcast.c:1333 (v5.10)
 */
export function igmp6_event_query(skb: sk_buff): number {
	if (!pskb_may_pull(skb, 16)) return -EINVAL;

	const nh = ipv6_hdr(skb);
	const cb = IP6CB(skb);
	const len =
		get_unaligned_be16(skb.head, nh + IPV6HDR_payload_len) +
		IPV6HDR_LEN -
		skb_network_header_len(skb);

	/* queries come from the link, with a router alert */
	if (
		(ipv6_addr_type(skb.head, nh + IPV6HDR_saddr) & IPV6_ADDR_LINKLOCAL) === 0 ||
		skb.head[nh + IPV6HDR_hop_limit] !== 1 ||
		(cb.flags & IP6SKB_ROUTERALERT) === 0 ||
		cb.ra !== IPV6_OPT_ROUTERALERT_MLD
	)
		return -EINVAL;

	const idev = __in6_dev_get(skb.dev!);
	if (idev === null) return 0;

	let mld = icmp6_hdr(skb);
	const group_type = ipv6_addr_type(skb.head, mld + MLD_MSG_mca);

	if (group_type !== IPV6_ADDR_ANY && (group_type & IPV6_ADDR_MULTICAST) === 0)
		return -EINVAL;

	let max_delay: number;
	if (len < MLD_V1_QUERY_LEN) {
		return -EINVAL;
	} else if (len === MLD_V1_QUERY_LEN || mld_in_v1_mode(idev)) {
		max_delay = mld_process_v1(idev, skb.head, mld, len === MLD_V1_QUERY_LEN);
		if (max_delay < 0) return max_delay;
	} else if (len >= MLD_V2_QUERY_LEN_MIN) {
		const srcs_offset = MLD2_QUERY_LEN - ICMP6HDR_LEN;

		if (!pskb_may_pull(skb, srcs_offset)) return -EINVAL;

		mld = icmp6_hdr(skb);
		max_delay = mld_process_v2(idev, skb.head, mld);

		const nsrcs = get_unaligned_be16(skb.head, mld + MLD2_QUERY_nsrcs);
		if (group_type === IPV6_ADDR_ANY) {
			if (nsrcs !== 0) return -EINVAL;

			mld_gq_start_timer(idev);
			return 0;
		}
		/* a group excludes none, so whatever source is asked for, it is listened to */
		if (nsrcs !== 0 && !pskb_may_pull(skb, srcs_offset + nsrcs * 16)) return -EINVAL;
		mld = icmp6_hdr(skb);
	} else {
		return -EINVAL;
	}

	for (let ma = idev.mc_list; ma !== null; ma = ma.next) {
		if (group_type === IPV6_ADDR_ANY) {
			igmp6_group_queried(ma, max_delay);
		} else if (ipv6_addr_equal(ma.mca_addr, skb.head, 0, mld + MLD_MSG_mca)) {
			igmp6_group_queried(ma, max_delay);
			break;
		}
	}
	return 0;
}

/**
 * Takes another listener's report of version 1: ours need not be sent.
 * @param skb data behind the ICMPv6 header; stays the caller's
 * @returns 0 or a negative errno
 * @kernel net/ipv6/mcast.c:1453 (v5.10)
 */
export function igmp6_event_report(skb: sk_buff): number {
	/* our own, looped back */
	if (skb.pkt_type === PACKET_LOOPBACK) return 0;

	/* the router may not have heard what was sent to us alone */
	if (skb.pkt_type !== PACKET_MULTICAST && skb.pkt_type !== PACKET_BROADCAST) return 0;

	if (!pskb_may_pull(skb, MLD_MSG_LEN - ICMP6HDR_LEN)) return -EINVAL;

	const mld = icmp6_hdr(skb);

	const addr_type = ipv6_addr_type(skb.head, ipv6_hdr(skb) + IPV6HDR_saddr);
	if (addr_type !== IPV6_ADDR_ANY && (addr_type & IPV6_ADDR_LINKLOCAL) === 0) return -EINVAL;

	const idev = __in6_dev_get(skb.dev!);
	if (idev === null) return -ENODEV;

	for (let ma = idev.mc_list; ma !== null; ma = ma.next) {
		if (ipv6_addr_equal(ma.mca_addr, skb.head, 0, mld + MLD_MSG_mca)) {
			if (del_timer(ma.mca_timer!) !== 0) ma.mca_refcnt--;
			ma.mca_flags &= ~(MAF_LAST_REPORTER | MAF_TIMER_RUNNING);
			break;
		}
	}
	return 0;
}

/**
 * Starts a message with its IPv6 header.
 * @kernel net/ipv6/mcast.c:1561 (v5.10)
 */
function ip6_mc_hdr(
	sk: sock,
	skb: sk_buff,
	dev: net_device,
	saddr: in6_addr,
	daddr: in6_addr,
	proto: number,
	len: number,
): void {
	skb.protocol = ETH_P_IPV6;
	skb.dev = dev;

	skb_reset_network_header(skb);
	const hdr = skb_put(skb, IPV6HDR_LEN);
	const { head } = skb;

	ip6_flow_hdr(head, hdr, 0, 0);

	put_unaligned_be16(len, head, hdr + IPV6HDR_payload_len);
	head[hdr + IPV6HDR_nexthdr] = proto;
	head[hdr + IPV6HDR_hop_limit] = inet6_sk(sk)!.hop_limit;

	ipv6_addr_copy(head, saddr, hdr + IPV6HDR_saddr);
	ipv6_addr_copy(head, daddr, hdr + IPV6HDR_daddr);
}

/**
 * Starts a report of version 2.
 * @returns null when the control socket's send buffer is full
 * @kernel net/ipv6/mcast.c:1586 (v5.10)
 */
function mld_newpack(idev: inet6_dev, mtu: number): sk_buff | null {
	const { dev } = idev;
	const sk = dev.nd_net.ipv6.igmp_sk!;
	const hlen = LL_RESERVED_SPACE(dev);
	const size = Math.min(mtu + hlen + dev.needed_tailroom, SKB_MAX_ORDER_0);
	const ec: errcode = { err: 0 };

	const skb = sock_alloc_send_skb(sk, size, ec);
	if (skb === null) return null;

	skb.priority = TC_PRIO_CONTROL;
	skb_reserve(skb, hlen);

	/* without a valid link-local address reports come from :: */
	let saddr: in6_addr = new Uint8Array(16);
	if (ipv6_stub.of(dev.machine).__ipv6_get_lladdr(idev, saddr, IFA_F_TENTATIVE) !== 0)
		saddr = in6addr_any;

	ip6_mc_hdr(sk, skb, dev, saddr, mld2_all_mcr, NEXTHDR_HOP, 0);

	skb_put_data(skb, ra);

	const pmr = skb_put(skb, MLD2_REPORT_LEN);
	skb.transport_header = pmr;
	skb.head.fill(0, pmr, pmr + MLD2_REPORT_LEN);
	skb.head[pmr + ICMP6HDR_type] = ICMPV6_MLD2_REPORT;
	return skb;
}

/**
 * Sends a message through the output hooks.
 * @param skb its IPv6 header is complete
 * @kernel PORT: shared by mld_sendpack() and igmp6_send()
 */
function mld_xmit(skb: sk_buff, type: number): void {
	const dev = skb.dev!;
	const net = dev.nd_net;
	const sk = net.ipv6.igmp_sk!;
	const idev = __in6_dev_get(dev);
	const nh = ipv6_hdr(skb);
	const fl6 = new flowi6();

	ipv6_stub
		.of(net.machine)
		.icmpv6_flow_init(
			sk,
			fl6,
			type,
			skb.head.slice(nh + IPV6HDR_saddr, nh + IPV6HDR_saddr + 16),
			skb.head.slice(nh + IPV6HDR_daddr, nh + IPV6HDR_daddr + 16),
			dev.ifindex,
		);
	const dst = icmp6_dst_alloc(dev, fl6);
	let err: number;
	if (IS_ERR(dst)) {
		err = dst;
		kfree_skb(skb);
	} else {
		skb_dst_set(skb, dst);

		err = NF_HOOK(NFPROTO_IPV6, NF_INET_LOCAL_OUT, net, sk, skb, null, dev, dst_output);
	}
	if (err === 0) {
		ICMP6MSGOUT_INC_STATS(net, idev, type);
		ICMP6_INC_STATS(net, idev, ICMP6_MIB_OUTMSGS);
	} else {
		IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTDISCARDS);
	}
}

/**
 * Completes a report of version 2 and sends it.
 * @kernel net/ipv6/mcast.c:1639 (v5.10)
 */
function mld_sendpack(skb: sk_buff): void {
	const { head } = skb;
	const pip6 = ipv6_hdr(skb);
	const pmr = skb.transport_header;
	const mldlen = skb.tail - pmr;
	const dev = skb.dev!;

	IP6_UPD_PO_STATS(
		dev.nd_net,
		__in6_dev_get(dev),
		IPSTATS_MIB_OUTPKTS,
		IPSTATS_MIB_OUTOCTETS,
		skb.len,
	);

	put_unaligned_be16(
		skb.tail - skb.network_header - IPV6HDR_LEN,
		head,
		pip6 + IPV6HDR_payload_len,
	);

	put_unaligned_be16(
		csum_ipv6_magic(
			head,
			pip6 + IPV6HDR_saddr,
			head,
			pip6 + IPV6HDR_daddr,
			mldlen,
			IPPROTO_ICMPV6,
			csum_partial(head, pmr, mldlen, 0),
		),
		head,
		pmr + ICMP6HDR_cksum,
	);

	mld_xmit(skb, ICMPV6_MLD2_REPORT);
}

/**
 * Appends a record to a report, and starts one when there is none.
 * @param type MLD2_*
 * @kernel net/ipv6/mcast.c:1703 (v5.10)
 */
function add_grhead(
	skb: sk_buff | null,
	pmc: ifmcaddr6,
	type: number,
	mtu: number,
): sk_buff | null {
	if (skb === null) {
		skb = mld_newpack(pmc.idev, mtu);
		if (skb === null) return null;
	}
	const pgr = skb_put(skb, MLD2_GREC_LEN);
	const { head } = skb;
	head.fill(0, pgr, pgr + MLD2_GREC_LEN);
	head[pgr + MLD2_GREC_type] = type;
	ipv6_addr_copy(head, pmc.mca_addr, pgr + MLD2_GREC_mca);
	const ngrec = skb.transport_header + MLD2_REPORT_ngrec;
	put_unaligned_be16(get_unaligned_be16(head, ngrec) + 1, head, ngrec);
	return skb;
}

/**
 * Bytes that a report has left.
 * @kernel PORT: skb_availroom() after skb_tailroom_reserve()
 */
function AVAILABLE(skb: sk_buff, mtu: number): number {
	const dev = skb.dev!;
	const room = SKB_MAX_ORDER_0 - LL_RESERVED_SPACE(dev) - dev.needed_tailroom;
	return Math.min(mtu, room) - skb.len;
}

/**
 * Appends a group's record to a report, if it has anything to say.
 * @param type MLD2_*
 * @param crsend whatever was reported before
 * @returns the report, a new one when the last was full, or null
 * @kernel net/ipv6/mcast.c:1727 (v5.10)
 */
function add_grec(
	skb: sk_buff | null,
	pmc: ifmcaddr6,
	type: number,
	crsend: boolean,
): sk_buff | null {
	if ((pmc.mca_flags & MAF_NOREPORT) !== 0) return skb;

	const { mtu } = pmc.idev.dev;
	if (mtu < IPV6_MIN_MTU) return skb;

	if (pmc.mca_crcount !== 0 || type === MLD2_MODE_IS_EXCLUDE || crsend) {
		if (skb !== null && AVAILABLE(skb, mtu) < MLD2_GREC_LEN) {
			mld_sendpack(skb);
			skb = null;
		}
		skb = add_grhead(skb, pmc, type, mtu);
	}
	return skb;
}

/**
 * Reports the groups a device listens to.
 * @param pmc only this one; null: all
 * @kernel net/ipv6/mcast.c:1852 (v5.10)
 */
function mld_send_report(idev: inet6_dev, pmc: ifmcaddr6 | null): void {
	let skb: sk_buff | null = null;

	if (pmc === null) {
		for (let p = idev.mc_list; p !== null; p = p.next) {
			if ((p.mca_flags & MAF_NOREPORT) !== 0) continue;
			skb = add_grec(skb, p, MLD2_MODE_IS_EXCLUDE, false);
		}
	} else {
		skb = add_grec(skb, pmc, MLD2_MODE_IS_EXCLUDE, false);
	}
	if (skb !== null) mld_sendpack(skb);
}

/**
 * Reports the groups that were left and joined.
 * @kernel net/ipv6/mcast.c:1905 (v5.10)
 */
function mld_send_cr(idev: inet6_dev): void {
	let pmc_prev: ifmcaddr6 | null = null;
	let skb: sk_buff | null = null;

	for (let pmc = idev.mc_tomb; pmc !== null;) {
		const pmc_next: ifmcaddr6 | null = pmc.next;
		if (pmc.mca_crcount !== 0) {
			skb = add_grec(skb, pmc, MLD2_CHANGE_TO_INCLUDE, false);
			pmc.mca_crcount--;
		}
		if (pmc.mca_crcount === 0) {
			if (pmc_prev !== null) pmc_prev.next = pmc_next;
			else idev.mc_tomb = pmc_next;
			in6_dev_put(pmc.idev);
		} else {
			pmc_prev = pmc;
		}
		pmc = pmc_next;
	}

	for (let pmc = idev.mc_list; pmc !== null; pmc = pmc.next) {
		if (pmc.mca_crcount !== 0) {
			skb = add_grec(skb, pmc, MLD2_CHANGE_TO_EXCLUDE, false);
			pmc.mca_crcount--;
		}
	}
	if (skb !== null) mld_sendpack(skb);
}

/**
 * Sends a report or a goodbye of version 1.
 * @param type ICMPV6_MGM_REPORT or ICMPV6_MGM_REDUCTION
 * @kernel net/ipv6/mcast.c:1978 (v5.10)
 */
function igmp6_send(addr: in6_addr, dev: net_device, type: number): void {
	const net = dev.nd_net;
	const sk = net.ipv6.igmp_sk!;
	const snd_addr = type === ICMPV6_MGM_REDUCTION ? in6addr_linklocal_allrouters : addr;
	const hlen = LL_RESERVED_SPACE(dev);
	const payload_len = MLD_MSG_LEN + ra.length;
	const full_len = IPV6HDR_LEN + payload_len;
	const ec: errcode = { err: 0 };

	IP6_UPD_PO_STATS(
		net,
		__in6_dev_get(dev),
		IPSTATS_MIB_OUTPKTS,
		IPSTATS_MIB_OUTOCTETS,
		full_len,
	);

	const skb = sock_alloc_send_skb(sk, hlen + dev.needed_tailroom + full_len, ec);
	if (skb === null) {
		IP6_INC_STATS(net, __in6_dev_get(dev), IPSTATS_MIB_OUTDISCARDS);
		return;
	}
	skb.priority = TC_PRIO_CONTROL;
	skb_reserve(skb, hlen);

	let saddr: in6_addr = new Uint8Array(16);
	if (ipv6_stub.of(dev.machine).ipv6_get_lladdr(dev, saddr, IFA_F_TENTATIVE) !== 0)
		saddr = in6addr_any;

	ip6_mc_hdr(sk, skb, dev, saddr, snd_addr, NEXTHDR_HOP, payload_len);

	skb_put_data(skb, ra);

	const hdr = skb_put(skb, MLD_MSG_LEN);
	const { head } = skb;
	head.fill(0, hdr, hdr + MLD_MSG_LEN);
	head[hdr + ICMP6HDR_type] = type;
	ipv6_addr_copy(head, addr, hdr + MLD_MSG_mca);

	put_unaligned_be16(
		csum_ipv6_magic(
			saddr,
			0,
			snd_addr,
			0,
			MLD_MSG_LEN,
			IPPROTO_ICMPV6,
			csum_partial(head, hdr, MLD_MSG_LEN, 0),
		),
		head,
		hdr + ICMP6HDR_cksum,
	);

	mld_xmit(skb, type);
}

/**
 * Reports all groups once a device has an address.
 * @kernel net/ipv6/mcast.c:2074 (v5.10)
 */
function mld_send_initial_cr(idev: inet6_dev): void {
	let skb: sk_buff | null = null;

	if (mld_in_v1_mode(idev)) return;

	for (let pmc = idev.mc_list; pmc !== null; pmc = pmc.next)
		skb = add_grec(skb, pmc, MLD2_CHANGE_TO_EXCLUDE, true);
	if (skb !== null) mld_sendpack(skb);
}

/**
 * A device has its first link-local address: groups are reported from it.
 * @kernel net/ipv6/mcast.c:2099 (v5.10)
 */
export function ipv6_mc_dad_complete(idev: inet6_dev): void {
	idev.mc_dad_count = idev.mc_qrv;
	if (idev.mc_dad_count !== 0) {
		mld_send_initial_cr(idev);
		idev.mc_dad_count--;
		if (idev.mc_dad_count !== 0)
			mld_dad_start_timer(idev, unsolicited_report_interval(idev));
	}
}

/**
 * Time to report all groups again.
 * @kernel net/ipv6/mcast.c:2111 (v5.10)
 */
function mld_dad_timer_expire(idev: inet6_dev): void {
	mld_send_initial_cr(idev);
	if (idev.mc_dad_count !== 0) {
		idev.mc_dad_count--;
		if (idev.mc_dad_count !== 0)
			mld_dad_start_timer(idev, unsolicited_report_interval(idev));
	}
	in6_dev_put(idev);
}

/**
 * Reports a new group in version 1, now and once more.
 * @kernel net/ipv6/mcast.c:2407 (v5.10)
 */
function igmp6_join_group(ma: ifmcaddr6): void {
	const m = ma.idev.dev.machine;
	const timer = ma.mca_timer!;

	if ((ma.mca_flags & MAF_NOREPORT) !== 0) return;

	igmp6_send(ma.mca_addr, ma.idev.dev, ICMPV6_MGM_REPORT);

	let delay = mld_random(ma.idev, unsolicited_report_interval(ma.idev));

	if (del_timer(timer) !== 0) {
		ma.mca_refcnt--;
		delay = timer.expires - m.jiffies;
	}

	if (mod_timer(timer, m.jiffies + delay) === 0) ma.mca_refcnt++;
	ma.mca_flags |= MAF_TIMER_RUNNING | MAF_LAST_REPORTER;
}

/**
 * Says goodbye to a group.
 * @kernel net/ipv6/mcast.c:2449 (v5.10)
 */
function igmp6_leave_group(ma: ifmcaddr6): void {
	if (mld_in_v1_mode(ma.idev)) {
		if ((ma.mca_flags & MAF_LAST_REPORTER) !== 0)
			igmp6_send(ma.mca_addr, ma.idev.dev, ICMPV6_MGM_REDUCTION);
	} else {
		mld_add_delrec(ma.idev, ma);
		mld_ifc_event(ma.idev);
	}
}

/**
 * Time to answer a general query.
 * @kernel net/ipv6/mcast.c:2461 (v5.10)
 */
function mld_gq_timer_expire(idev: inet6_dev): void {
	idev.mc_gq_running = 0;
	mld_send_report(idev, null);
	in6_dev_put(idev);
}

/**
 * Time to report changes.
 * @kernel net/ipv6/mcast.c:2470 (v5.10)
 */
function mld_ifc_timer_expire(idev: inet6_dev): void {
	mld_send_cr(idev);
	if (idev.mc_ifc_count !== 0) {
		idev.mc_ifc_count--;
		if (idev.mc_ifc_count !== 0)
			mld_ifc_start_timer(idev, unsolicited_report_interval(idev));
	}
	in6_dev_put(idev);
}

/**
 * Something changed that is to be reported.
 * @kernel net/ipv6/mcast.c:2484 (v5.10)
 */
function mld_ifc_event(idev: inet6_dev): void {
	if (mld_in_v1_mode(idev)) return;
	idev.mc_ifc_count = idev.mc_qrv;
	mld_ifc_start_timer(idev, 1);
}

/**
 * Time to report a group.
 * @kernel net/ipv6/mcast.c:2492 (v5.10)
 */
function igmp6_timer_handler(ma: ifmcaddr6): void {
	if (mld_in_v1_mode(ma.idev)) igmp6_send(ma.mca_addr, ma.idev.dev, ICMPV6_MGM_REPORT);
	else mld_send_report(ma.idev, ma);

	ma.mca_flags |= MAF_LAST_REPORTER;
	ma.mca_flags &= ~MAF_TIMER_RUNNING;
	ma_put(ma);
}

/**
 * Takes the groups off a device that changes its type.
 * @kernel net/ipv6/mcast.c:2510 (v5.10)
 */
export function ipv6_mc_unmap(idev: inet6_dev): void {
	for (let i = idev.mc_list; i !== null; i = i.next) igmp6_group_dropped(i);
}

/**
 * Puts the groups on a device that changed its type.
 * @kernel net/ipv6/mcast.c:2522 (v5.10)
 */
export function ipv6_mc_remap(idev: inet6_dev): void {
	ipv6_mc_up(idev);
}

/**
 * Takes the groups off a device that goes down.
 * @kernel net/ipv6/mcast.c:2529 (v5.10)
 */
export function ipv6_mc_down(idev: inet6_dev): void {
	for (let i = idev.mc_list; i !== null; i = i.next) igmp6_group_dropped(i);

	/* leaving started it */
	mld_ifc_stop_timer(idev);
	mld_gq_stop_timer(idev);
	mld_dad_stop_timer(idev);
}

/**
 * Sets what queriers change to where it starts.
 * @kernel net/ipv6/mcast.c:2549 (v5.10)
 */
function ipv6_mc_reset(idev: inet6_dev): void {
	idev.mc_qrv = sysctl_mld_qrv;
	idev.mc_qi = MLD_QI_DEFAULT;
	idev.mc_qri = MLD_QRI_DEFAULT;
	idev.mc_v1_seen = 0;
	idev.mc_maxdelay = unsolicited_report_interval(idev);
}

/**
 * Puts the groups on a device that comes up.
 * @kernel net/ipv6/mcast.c:2560 (v5.10)
 */
export function ipv6_mc_up(idev: inet6_dev): void {
	ipv6_mc_reset(idev);
	for (let i = idev.mc_list; i !== null; i = i.next) {
		mld_del_delrec(idev, i);
		igmp6_group_added(i);
	}
}

/**
 * Begins the groups of a device.
 * @kernel net/ipv6/mcast.c:2577 (v5.10)
 */
export function ipv6_mc_init_dev(idev: inet6_dev): void {
	const m = idev.dev.machine;

	idev.mc_gq_running = 0;
	idev.mc_gq_timer = timer_setup(m, () => {
		mld_gq_timer_expire(idev);
	});
	idev.mc_tomb = null;
	idev.mc_ifc_count = 0;
	idev.mc_ifc_timer = timer_setup(m, () => {
		mld_ifc_timer_expire(idev);
	});
	idev.mc_dad_timer = timer_setup(m, () => {
		mld_dad_timer_expire(idev);
	});
	ipv6_mc_reset(idev);
}

/**
 * Ends the groups of a device.
 * @kernel net/ipv6/mcast.c:2595 (v5.10)
 */
export function ipv6_mc_destroy_dev(idev: inet6_dev): void {
	ipv6_mc_down(idev);
	mld_clear_delrec(idev);

	__ipv6_dev_mc_dec(idev, in6addr_linklocal_allnodes);

	if (idev.cnf.forwarding !== 0) __ipv6_dev_mc_dec(idev, in6addr_linklocal_allrouters);

	for (let i = idev.mc_list; i !== null; i = idev.mc_list) {
		idev.mc_list = i.next;
		ma_put(i);
	}
}

/**
 * Begins a namespace: its control sockets.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/mcast.c:2955 (v5.10)
 */
function igmp6_net_init(net: net): number {
	const sk = inet_ctl_sock_create(PF_INET6, SOCK_RAW, IPPROTO_ICMPV6, net);
	if (IS_ERR(sk)) {
		net.machine.printk(
			`IPv6: Failed to initialize the IGMP6 control socket (err ${sk})`,
		);
		return sk;
	}
	net.ipv6.igmp_sk = sk;
	inet6_sk(sk)!.hop_limit = 1;

	const autojoin = inet_ctl_sock_create(PF_INET6, SOCK_RAW, IPPROTO_ICMPV6, net);
	if (IS_ERR(autojoin)) {
		net.machine.printk(
			`IPv6: Failed to initialize the IGMP6 autojoin socket (err ${autojoin})`,
		);
		inet_ctl_sock_destroy(sk);
		net.ipv6.igmp_sk = null;
		return autojoin;
	}
	net.ipv6.mc_autojoin_sk = autojoin;
	return 0;
}

/**
 * Ends a namespace: its control sockets.
 * @kernel net/ipv6/mcast.c:2991 (v5.10)
 */
function igmp6_net_exit(net: net): void {
	inet_ctl_sock_destroy(net.ipv6.igmp_sk);
	inet_ctl_sock_destroy(net.ipv6.mc_autojoin_sk);
	net.ipv6.igmp_sk = null;
	net.ipv6.mc_autojoin_sk = null;
}

const igmp6_net_ops: pernet_operations = {
	init: igmp6_net_init,
	exit: igmp6_net_exit,
};

/**
 * Starts multicast listening on a machine.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/mcast.c:3003 (v5.10)
 */
export function igmp6_init(m: Machine): number {
	return register_pernet_subsys(m, igmp6_net_ops);
}
