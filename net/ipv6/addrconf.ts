// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/addrconf.c, base v5.10: the IPv6 side of devices: settings, addresses with duplicate address
 * detection, autoconfiguration by router advertisements, choice of source addresses.
 *
 * PORT: addresses hash in 256 buckets a machine, as in C. Work items run in process context, so what C defers
 * for its locks happens in the same order here. Functions that files before this one in the order of
 * include/net/ipv6_stubs.ts need are set in that table by addrconf_init().
 * Not ported: temporary addresses (use_tempaddr stays without effect), optimistic DAD, joining groups by
 * addresses (IFA_F_MCAUTOJOIN is refused), devices other than Ethernet-like ones, ioctls, netconf and prefix messages,
 * RTM_GETMULTICAST and RTM_GETANYCAST, /proc/net/if_inet6.
 */
import { get_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import {
	in6addr_any,
	in6addr_interfacelocal_allnodes,
	in6addr_interfacelocal_allrouters,
	in6addr_linklocal_allnodes,
	in6addr_linklocal_allrouters,
	in6addr_loopback,
	in6addr_sitelocal_allrouters,
} from '../../include/linux/in6.ts';
import { ipv6_devconf } from '../../include/linux/ipv6.ts';
import {
	get_random_bytes,
	HZ,
	jiffies_to_msecs,
	type Machine,
	machine_var,
	prandom_u32,
	time_before,
	WARN_ON,
} from '../../include/linux/machine.ts';
import {
	dev_hold,
	dev_net,
	type net_device,
	NETDEV_CHANGE,
	NETDEV_CHANGEMTU,
	NETDEV_CHANGENAME,
	NETDEV_CHANGEUPPER,
	NETDEV_DOWN,
	netdev_notifier_change_info,
	netdev_notifier_changeupper_info,
	netdev_notifier_info,
	netdev_notifier_info_to_dev,
	NETDEV_POST_TYPE_CHANGE,
	NETDEV_PRE_TYPE_CHANGE,
	NETDEV_REGISTER,
	NETDEV_UNREGISTER,
	NETDEV_UP,
	netif_is_l3_master,
	netif_oper_up,
	netif_running,
} from '../../include/linux/netdevice.ts';
import { type netlink_ext_ack, NL_SET_ERR_MSG } from '../../include/linux/netlink.ts';
import { notifier_from_errno, notifier_to_errno, NOTIFY_OK } from '../../include/linux/notifier.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { AF_INET6, PF_INET6 } from '../../include/linux/socket.ts';
import {
	type ctl_table,
	proc_dointvec,
	proc_dointvec_jiffies,
	proc_get_long,
	register_net_sysctl,
	unregister_net_sysctl_table,
} from '../../include/linux/sysctl.ts';
import { del_timer, mod_timer, timer_pending, timer_setup } from '../../include/linux/timer.ts';
import type { in6_addr } from '../../include/linux/types.ts';
import { ip6_string, mac_address_string } from '../../include/linux/vsprintf.ts';
import {
	cancel_delayed_work_sync,
	delayed_work,
	delayed_work_pending,
	mod_delayed_work,
} from '../../include/linux/workqueue.ts';
import {
	__in6_dev_get,
	__in6_dev_put,
	__in6_ifa_put,
	ADDR_CHECK_FREQUENCY,
	addrconf_addr_solict_mult,
	addrconf_finite_timeout,
	addrconf_ifid_eui48,
	ADDRCONF_NOTIFY_PRIORITY,
	addrconf_timeout_fixup,
	ADDRCONF_TIMER_FUZZ,
	ADDRCONF_TIMER_FUZZ_MAX,
	ADDRCONF_TIMER_FUZZ_MINUS,
	ifa6_config,
	in6_dev_hold,
	in6_ifa_hold,
	IPV6_MAX_ADDRESSES,
	MAX_DESYNC_FACTOR,
	MAX_RTR_SOLICITATIONS,
	PREFIX_INFO_F_AUTOCONF,
	PREFIX_INFO_F_ONLINK,
	PREFIX_INFO_flags,
	PREFIX_INFO_LEN,
	PREFIX_INFO_prefered,
	PREFIX_INFO_prefix,
	PREFIX_INFO_prefix_len,
	PREFIX_INFO_valid,
	REGEN_MAX_RETRY,
	RTR_SOLICITATION_INTERVAL,
	RTR_SOLICITATION_MAX_INTERVAL,
	TEMP_PREFERRED_LIFETIME,
	TEMP_VALID_LIFETIME,
} from '../../include/net/addrconf.ts';
import { DST_NOPOLICY } from '../../include/net/dst.ts';
import {
	IF_RA_RCVD,
	IF_READY,
	IF_RS_SENT,
	IFA_HOST,
	IFA_LINK,
	IFA_SITE,
	inet6_dev,
	inet6_ifaddr,
	INET6_IFADDR_STATE_DAD,
	INET6_IFADDR_STATE_DEAD,
	INET6_IFADDR_STATE_ERRDAD,
	INET6_IFADDR_STATE_POSTDAD,
	INET6_IFADDR_STATE_PREDAD,
} from '../../include/net/if_inet6.ts';
import {
	fib6_clean_expires,
	fib6_config,
	type fib6_info,
	fib6_info_hold_safe,
	fib6_set_expires,
	IP6_RT_PRIO_ADDRCONF,
	RT6_TABLE_LOCAL,
	RT6_TABLE_PREFIX,
	RTF_ADDRCONF,
	RTF_DEFAULT,
	RTF_EXPIRES,
	RTF_PREFIX_RT,
	RTF_UP,
} from '../../include/net/ip6_fib.ts';
import {
	__ipv6_addr_src_scope,
	__ipv6_addr_type,
	ipv6_accept_ra,
	ipv6_addr_any,
	IPV6_ADDR_ANY,
	IPV6_ADDR_COMPATv4,
	ipv6_addr_copy,
	ipv6_addr_diff,
	ipv6_addr_equal,
	ipv6_addr_hash,
	IPV6_ADDR_LINKLOCAL,
	IPV6_ADDR_LOOPBACK,
	IPV6_ADDR_MAPPED,
	IPV6_ADDR_MULTICAST,
	ipv6_addr_orchid,
	ipv6_addr_prefix,
	ipv6_addr_scope,
	IPV6_ADDR_SCOPE_LINKLOCAL,
	IPV6_ADDR_SCOPE_MASK,
	ipv6_addr_set,
	ipv6_addr_src_scope,
	ipv6_addr_type,
	IPV6_DEFAULT_HOPLIMIT,
	IPV6_MAXPLEN,
	ipv6_prefix_equal,
} from '../../include/net/ipv6.ts';
import { ipv6_stub } from '../../include/net/ipv6_stubs.ts';
import {
	l3mdev_fib_table,
	l3mdev_master_dev_rcu,
	l3mdev_master_ifindex_rcu,
} from '../../include/net/l3mdev.ts';
import { MAX_RTR_SOLICITATION_DELAY } from '../../include/net/ndisc.ts';
import {
	neigh_parms_data_state_setall,
	NEIGH_VAR,
	NEIGH_VAR_RETRANS_TIME,
} from '../../include/net/neighbour.ts';
import type { net, pernet_operations } from '../../include/net/net_namespace.ts';
import {
	nla_data,
	nla_get_s32,
	nla_get_u32,
	nla_get_u8,
	nla_nest_start,
	nla_parse_nested,
	nla_put,
	nla_put_s32,
	nla_put_string,
	nla_put_u32,
	nla_put_u8,
	type nlattrs,
	type nlmsg,
} from '../../include/net/netlink.ts';
import { qdisc_tx_is_noop } from '../../include/net/sch_generic.ts';
import {
	EACCES,
	EADDRNOTAVAIL,
	EAFNOSUPPORT,
	EEXIST,
	EINVAL,
	EIO,
	ENODEV,
	ENOENT,
	ENOMEM,
	ENXIO,
} from '../../include/uapi/linux/errno.ts';
import {
	ARPHRD_ETHER,
	ARPHRD_LOOPBACK,
	ARPHRD_NONE,
	IF_OPER_DOWN,
	IFF_LOOPBACK,
	IFF_MULTICAST,
	IFF_NOARP,
	IFF_SLAVE,
	IFF_UP,
} from '../../include/uapi/linux/if.ts';
import {
	IFA_ADDRESS,
	IFA_CACHEINFO,
	IFA_CACHEINFO_cstamp,
	IFA_CACHEINFO_prefered,
	IFA_CACHEINFO_tstamp,
	IFA_CACHEINFO_valid,
	IFA_F_DADFAILED,
	IFA_F_DEPRECATED,
	IFA_F_HOMEADDRESS,
	IFA_F_MANAGETEMPADDR,
	IFA_F_NODAD,
	IFA_F_NOPREFIXROUTE,
	IFA_F_OPTIMISTIC,
	IFA_F_PERMANENT,
	IFA_F_STABLE_PRIVACY,
	IFA_F_TEMPORARY,
	IFA_F_TENTATIVE,
	IFA_FLAGS,
	IFA_LOCAL,
	IFA_RT_PRIORITY,
	IFA_TARGET_NETNSID,
} from '../../include/uapi/linux/if_addr.ts';
import { ETH_ALEN } from '../../include/uapi/linux/if_ether.ts';
import {
	IFLA_ADDRESS,
	IFLA_IFNAME,
	IFLA_INET6_ADDR_GEN_MODE,
	IFLA_INET6_CACHEINFO,
	IFLA_INET6_CONF,
	IFLA_INET6_FLAGS,
	IFLA_INET6_TOKEN,
	IFLA_LINK,
	IFLA_MTU,
	IFLA_OPERSTATE,
	IFLA_PROTINFO,
	IN6_ADDR_GEN_MODE_EUI64,
	IN6_ADDR_GEN_MODE_NONE,
	IN6_ADDR_GEN_MODE_RANDOM,
	IN6_ADDR_GEN_MODE_STABLE_PRIVACY,
	IFLA_INET6_ICMP6STATS,
	IFLA_INET6_STATS,
} from '../../include/uapi/linux/if_link.ts';
import { IPV6_PREFER_SRC_PUBLIC, IPV6_PREFER_SRC_TMP } from '../../include/uapi/linux/in6.ts';
import {
	DEVCONF_ACCEPT_DAD,
	DEVCONF_ACCEPT_RA,
	DEVCONF_ACCEPT_RA_DEFRTR,
	DEVCONF_ACCEPT_RA_FROM_LOCAL,
	DEVCONF_ACCEPT_RA_MIN_HOP_LIMIT,
	DEVCONF_ACCEPT_RA_MTU,
	DEVCONF_ACCEPT_RA_PINFO,
	DEVCONF_ACCEPT_RA_RT_INFO_MAX_PLEN,
	DEVCONF_ACCEPT_RA_RT_INFO_MIN_PLEN,
	DEVCONF_ACCEPT_RA_RTR_PREF,
	DEVCONF_ACCEPT_REDIRECTS,
	DEVCONF_ACCEPT_SOURCE_ROUTE,
	DEVCONF_ADDR_GEN_MODE,
	DEVCONF_AUTOCONF,
	DEVCONF_DAD_TRANSMITS,
	DEVCONF_DISABLE_IPV6,
	DEVCONF_DISABLE_POLICY,
	DEVCONF_DROP_UNICAST_IN_L2_MULTICAST,
	DEVCONF_DROP_UNSOLICITED_NA,
	DEVCONF_ENHANCED_DAD,
	DEVCONF_FORCE_MLD_VERSION,
	DEVCONF_FORCE_TLLAO,
	DEVCONF_FORWARDING,
	DEVCONF_HOPLIMIT,
	DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN,
	DEVCONF_KEEP_ADDR_ON_DOWN,
	DEVCONF_MAX,
	DEVCONF_MAX_ADDRESSES,
	DEVCONF_MAX_DESYNC_FACTOR,
	DEVCONF_MLDV1_UNSOLICITED_REPORT_INTERVAL,
	DEVCONF_MLDV2_UNSOLICITED_REPORT_INTERVAL,
	DEVCONF_MTU6,
	DEVCONF_NDISC_NOTIFY,
	DEVCONF_NDISC_TCLASS,
	DEVCONF_PROXY_NDP,
	DEVCONF_REGEN_MAX_RETRY,
	DEVCONF_RPL_SEG_ENABLED,
	DEVCONF_RTR_PROBE_INTERVAL,
	DEVCONF_RTR_SOLICIT_DELAY,
	DEVCONF_RTR_SOLICIT_INTERVAL,
	DEVCONF_RTR_SOLICIT_MAX_INTERVAL,
	DEVCONF_RTR_SOLICITS,
	DEVCONF_SEG6_ENABLED,
	DEVCONF_SUPPRESS_FRAG_NDISC,
	DEVCONF_TEMP_PREFERED_LFT,
	DEVCONF_TEMP_VALID_LFT,
	DEVCONF_USE_OIF_ADDRS_ONLY,
	DEVCONF_USE_TEMPADDR,
	IPV6_MIN_MTU,
} from '../../include/uapi/linux/ipv6.ts';
import {
	NLM_F_DUMP_FILTERED,
	NLM_F_EXCL,
	NLM_F_MULTI,
	NLM_F_REPLACE,
} from '../../include/uapi/linux/netlink.ts';
import {
	ifaddrmsg_msg,
	ifinfomsg_msg,
	RT_SCOPE_HOST,
	RT_SCOPE_LINK,
	RT_SCOPE_SITE,
	RT_SCOPE_UNIVERSE,
	RTEXT_FILTER_SKIP_STATS,
	RTM_DELADDR,
	RTM_GETADDR,
	RTM_GETLINK,
	RTM_NEWADDR,
	RTM_NEWLINK,
	RTN_MULTICAST,
	RTN_UNICAST,
	RTNH_F_DEAD,
	RTNH_F_LINKDOWN,
	RTNLGRP_IPV6_IFADDR,
	RTNLGRP_IPV6_IFINFO,
	RTPROT_KERNEL,
} from '../../include/uapi/linux/rtnetlink.ts';
import { ICMP6_MIB_MAX, IPSTATS_MIB_MAX } from '../../include/uapi/linux/snmp.ts';
import {
	__dev_get_by_index,
	dev_get_flags,
	dev_get_iflink,
	register_netdevice_notifier,
} from '../core/dev.ts';
import {
	neigh_ifdown,
	neigh_parms_alloc,
	neigh_parms_release,
	neigh_sysctl_register,
	neigh_sysctl_unregister,
} from '../core/neighbour.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import {
	rtnl_af_register,
	rtnl_get_net_ns_capable,
	rtnl_has_listeners,
	rtnl_notify,
	rtnl_register,
} from '../core/rtnetlink.ts';
import {
	in6_dev_finish_destroy,
	in6_dev_put,
	in6_ifa_put,
	inet6addr_notifier_call_chain,
	inet6addr_validator_notifier_call_chain,
} from './addrconf_core.ts';
import { ipv6_addr_label } from './addrlabel.ts';
import { fib6_flush_trees, fib6_get_table, fib6_info_release, fib6_locate } from './ip6_fib.ts';
import { snmp6_register_dev, snmp6_unregister_dev } from './proc.ts';
import {
	addrconf_f6i_alloc,
	ip6_del_rt,
	ip6_ins_rt,
	ip6_route_add,
	ip6_route_init_special_entries,
	jiffies_to_clock_t,
	rt6_disable_ip,
	rt6_mtu_change,
	rt6_purge_dflt_routers,
	rt6_remove_prefsrc,
	rt6_sync_down_dev,
	rt6_sync_up,
} from './route.ts';
import {
	nd_tbl,
	ndisc_ifinfo_sysctl_change,
	ndisc_send_na,
	ndisc_send_ns,
	ndisc_send_rs,
} from './ndisc.ts';
import {
	__ipv6_dev_mc_dec,
	ipv6_dev_mc_dec,
	ipv6_dev_mc_inc,
	ipv6_mc_dad_complete,
	ipv6_mc_destroy_dev,
	ipv6_mc_down,
	ipv6_mc_init_dev,
	ipv6_mc_remap,
	ipv6_mc_unmap,
	ipv6_mc_up,
} from './mcast.ts';
import { __ipv6_dev_ac_dec, __ipv6_dev_ac_inc, ipv6_ac_destroy_dev } from './anycast.ts';

const INFINITY_LIFE_TIME = 0xffffffff;

const IN6_ADDR_HSIZE = 256;

/** Addresses of a machine. */
class addrconf_machine {
	/** Newest first in each bucket. */
	readonly inet6_addr_lst: inet6_ifaddr[][] = Array.from(
		{ length: IN6_ADDR_HSIZE },
		() => [],
	);
	readonly addr_chk_work: delayed_work;

	constructor(m: Machine) {
		this.addr_chk_work = new delayed_work(m, () => {
			addrconf_verify_rtnl(m);
		});
	}
}

const addrconf_state = machine_var((m) => new addrconf_machine(m));

/**
 * Jiffies since boot in hundredths of a second.
 * @kernel net/ipv6/addrconf.c:98 (v5.10)
 */
function cstamp_delta(cstamp: number): number {
	return Math.trunc(((cstamp - 300 * HZ) * 100) / HZ);
}

/**
 * First interval of retransmissions: 0.9 to 1.1 times a time.
 * @param irt jiffies
 * @kernel net/ipv6/addrconf.c:103 (v5.10)
 */
function rfc3315_s14_backoff_init(m: Machine, irt: number): number {
	return Math.trunc(((900000 + (prandom_u32(m) % 200001)) * irt) / 1000000);
}

/**
 * Next interval of retransmissions: 1.9 to 2.1 times the last, up to a limit.
 * @param rt jiffies
 * @param mrt the limit, jiffies
 * @kernel net/ipv6/addrconf.c:111 (v5.10)
 */
function rfc3315_s14_backoff_update(m: Machine, rt: number, mrt: number): number {
	const tmp = Math.trunc(((1900000 + (prandom_u32(m) % 200001)) * rt) / 1000000);
	if ((tmp | 0) > mrt)
		return Math.trunc(((900000 + (prandom_u32(m) % 200001)) * mrt) / 1000000);
	return tmp;
}

/**
 * Shows the settings and neighbour parameters of a device.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/addrconf.c:128 (v5.10)
 */
function addrconf_sysctl_register(idev: inet6_dev): number {
	const err = neigh_sysctl_register(idev.dev, idev.nd_parms!, ndisc_ifinfo_sysctl_change);
	if (err !== 0) return err;
	return __addrconf_sysctl_register(dev_net(idev.dev), idev.dev.name, idev, idev.cnf);
}

/**
 * Hides the settings and neighbour parameters of a device.
 * @kernel net/ipv6/addrconf.c:133 (v5.10)
 */
function addrconf_sysctl_unregister(idev: inet6_dev): void {
	__addrconf_sysctl_unregister(idev.cnf);
	neigh_sysctl_unregister(idev.nd_parms!);
}

/**
 * The initial settings of `all` and `default`.
 * @param accept_dad the one in which they differ
 * @kernel PORT: the static ipv6_devconf and ipv6_devconf_dflt
 */
function ipv6_devconf_initial(accept_dad: number): ipv6_devconf {
	const c = new ipv6_devconf();
	c.hop_limit = IPV6_DEFAULT_HOPLIMIT;
	c.mtu6 = IPV6_MIN_MTU;
	c.accept_ra = 1;
	c.accept_redirects = 1;
	c.autoconf = 1;
	c.mldv1_unsolicited_report_interval = 10 * HZ;
	c.mldv2_unsolicited_report_interval = HZ;
	c.dad_transmits = 1;
	c.rtr_solicits = MAX_RTR_SOLICITATIONS;
	c.rtr_solicit_interval = RTR_SOLICITATION_INTERVAL;
	c.rtr_solicit_max_interval = RTR_SOLICITATION_MAX_INTERVAL;
	c.rtr_solicit_delay = MAX_RTR_SOLICITATION_DELAY;
	c.temp_valid_lft = TEMP_VALID_LIFETIME;
	c.temp_prefered_lft = TEMP_PREFERRED_LIFETIME;
	c.regen_max_retry = REGEN_MAX_RETRY;
	c.max_desync_factor = MAX_DESYNC_FACTOR;
	c.max_addresses = IPV6_MAX_ADDRESSES;
	c.accept_ra_defrtr = 1;
	c.accept_ra_min_hop_limit = 1;
	c.accept_ra_pinfo = 1;
	c.accept_ra_rtr_pref = 1;
	c.rtr_probe_interval = 60 * HZ;
	c.accept_dad = accept_dad;
	c.suppress_frag_ndisc = 1;
	c.accept_ra_mtu = 1;
	c.enhanced_dad = 1;
	c.addr_gen_mode = IN6_ADDR_GEN_MODE_EUI64;
	return c;
}

/**
 * Copies settings.
 * @kernel PORT: memcpy of struct ipv6_devconf
 */
function ipv6_devconf_copy(to: ipv6_devconf, from: ipv6_devconf): void {
	Object.assign(to, from);
	to.stable_secret = {
		initialized: from.stable_secret.initialized,
		secret: from.stable_secret.secret.slice(),
	};
	to.sysctl_header = null;
}

/**
 * Tells whether a link can be used.
 * @kernel net/ipv6/addrconf.c:297 (v5.10)
 */
function addrconf_link_ready(dev: net_device): boolean {
	return netif_oper_up(dev) && !qdisc_tx_is_noop(dev);
}

/**
 * Solicits routers no more.
 * @kernel net/ipv6/addrconf.c:302 (v5.10)
 */
function addrconf_del_rs_timer(idev: inet6_dev): void {
	if (del_timer(idev.rs_timer!) !== 0) __in6_dev_put(idev);
}

/**
 * Takes pending DAD work off the queue.
 * @kernel net/ipv6/addrconf.c:308 (v5.10)
 */
function addrconf_del_dad_work(ifp: inet6_ifaddr): void {
	if (cancel_delayed_work_sync(ifp.dad_work!)) __in6_ifa_put(ifp);
}

/**
 * Sets when the next solicitation goes out.
 * @param when jiffies from now
 * @kernel net/ipv6/addrconf.c:314 (v5.10)
 */
function addrconf_mod_rs_timer(idev: inet6_dev, when: number): void {
	const t = idev.rs_timer!;
	if (!timer_pending(t)) in6_dev_hold(idev);
	mod_timer(t, t.machine.jiffies + when);
}

/**
 * Sets when the next step of DAD is.
 * @param delay jiffies
 * @kernel net/ipv6/addrconf.c:322 (v5.10)
 */
function addrconf_mod_dad_work(ifp: inet6_ifaddr, delay: number): void {
	const work = ifp.dad_work!;
	if (!delayed_work_pending(work)) in6_ifa_hold(ifp);
	mod_delayed_work(work, delay);
}

/**
 * Makes the IPv6 side of a device from the namespace's defaults.
 * @returns -EINVAL when its MTU is too small, or another errno
 * @kernel net/ipv6/addrconf.c:364 (v5.10)
 */
function ipv6_add_dev(dev: net_device): inet6_dev | number {
	const m = dev.machine;

	if (dev.mtu < IPV6_MIN_MTU) return -EINVAL;

	const ndev = new inet6_dev(dev);
	ndev.rs_timer = timer_setup(m, () => {
		addrconf_rs_timer(ndev);
	});
	ipv6_devconf_copy(ndev.cnf, dev_net(dev).ipv6.devconf_dflt!);

	if (ndev.cnf.stable_secret.initialized)
		ndev.cnf.addr_gen_mode = IN6_ADDR_GEN_MODE_STABLE_PRIVACY;

	ndev.cnf.mtu6 = dev.mtu;
	ndev.nd_parms = neigh_parms_alloc(dev, nd_tbl.of(m));
	if (ndev.nd_parms === null) return -ENOMEM;
	dev_hold(dev);

	snmp6_register_dev(ndev);

	if ((dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) ndev.cnf.accept_dad = -1;
	if ((dev.flags & IFF_LOOPBACK) !== 0) ndev.cnf.use_tempaddr = -1;

	if (netif_running(dev) && addrconf_link_ready(dev)) ndev.if_flags |= IF_READY;

	ipv6_mc_init_dev(ndev);
	ndev.tstamp = m.jiffies;
	const err = addrconf_sysctl_register(ndev);
	if (err !== 0) {
		ipv6_mc_destroy_dev(ndev);
		snmp6_unregister_dev(ndev);
		neigh_parms_release(nd_tbl.of(m), ndev.nd_parms);
		ndev.dead = 1;
		in6_dev_finish_destroy(ndev);
		return err;
	}
	dev.ip6_ptr = ndev;

	ipv6_dev_mc_inc(dev, in6addr_interfacelocal_allnodes);
	ipv6_dev_mc_inc(dev, in6addr_linklocal_allnodes);
	if (ndev.cnf.forwarding !== 0 && (dev.flags & IFF_MULTICAST) !== 0)
		ipv6_dev_mc_inc(dev, in6addr_linklocal_allrouters);

	return ndev;
}

/**
 * The IPv6 side of a device, made when it has none.
 * @kernel net/ipv6/addrconf.c:471 (v5.10)
 */
function ipv6_find_idev(dev: net_device): inet6_dev | number {
	let idev: inet6_dev | number | null = __in6_dev_get(dev);
	if (idev === null) {
		idev = ipv6_add_dev(dev);
		if (IS_ERR(idev)) return idev;
	}

	if ((dev.flags & IFF_UP) !== 0) ipv6_mc_up(idev);
	return idev;
}

/**
 * `forwarding` of a device was switched: groups of routers, anycast addresses.
 * @kernel net/ipv6/addrconf.c:788 (v5.10)
 */
function dev_forward_change(idev: inet6_dev | null): void {
	if (idev === null) return;
	const dev = idev.dev;
	const on = idev.cnf.forwarding !== 0;
	if ((dev.flags & IFF_MULTICAST) !== 0) {
		const change = on ? ipv6_dev_mc_inc : ipv6_dev_mc_dec;
		change(dev, in6addr_linklocal_allrouters);
		change(dev, in6addr_interfacelocal_allrouters);
		change(dev, in6addr_sitelocal_allrouters);
	}

	for (const ifa of idev.addr_list.slice()) {
		if ((ifa.flags & IFA_F_TENTATIVE) !== 0) continue;
		if (on) addrconf_join_anycast(ifa);
		else addrconf_leave_anycast(ifa);
	}
}

/**
 * `forwarding` of all was written: all devices follow.
 * @kernel net/ipv6/addrconf.c:824 (v5.10)
 */
function addrconf_forward_change(net: net, newf: number): void {
	for (const dev of net.dev_base_head) {
		const idev = __in6_dev_get(dev);
		if (idev === null) continue;
		const changed = (idev.cnf.forwarding === 0) !== (newf === 0);
		idev.cnf.forwarding = newf;
		if (changed) dev_forward_change(idev);
	}
}

/**
 * A `forwarding` was written.
 * @param idev the device's, null for `all` and `default`
 * @kernel net/ipv6/addrconf.c:840 (v5.10)
 */
function addrconf_fixup_forwarding(
	net: net,
	idev: inet6_dev | null,
	p: ipv6_devconf,
	newf: number,
): void {
	const old = p.forwarding;
	p.forwarding = newf;

	if (p === net.ipv6.devconf_dflt) return;

	if (p === net.ipv6.devconf_all) {
		net.ipv6.devconf_dflt!.forwarding = newf;
		addrconf_forward_change(net, newf);
	} else if ((newf === 0) !== (old === 0)) dev_forward_change(idev);

	if (newf !== 0) rt6_purge_dflt_routers(net);
}

/**
 * An `ignore_routes_with_linkdown` was written.
 * @kernel net/ipv6/addrconf.c:908 (v5.10)
 */
function addrconf_fixup_linkdown(net: net, p: ipv6_devconf, newf: number): void {
	p.ignore_routes_with_linkdown = newf;

	if (p !== net.ipv6.devconf_all) return;
	net.ipv6.devconf_dflt!.ignore_routes_with_linkdown = newf;
	/* PORT: addrconf_linkdown_change() */
	for (const dev of net.dev_base_head) {
		const idev = __in6_dev_get(dev);
		if (idev !== null) idev.cnf.ignore_routes_with_linkdown = newf;
	}
}

/**
 * Ends an address that nobody refers to.
 * @kernel net/ipv6/addrconf.c:949 (v5.10)
 */
export function inet6_ifa_finish_destroy(ifp: inet6_ifaddr): void {
	const m = ifp.idev.dev.machine;
	WARN_ON(m, ifp.addr_lst_hashed, 'inet6_ifa_finish_destroy', 'address still in the hash');

	in6_dev_put(ifp.idev);

	if (cancel_delayed_work_sync(ifp.dad_work!))
		m.printk('IPv6: delayed DAD work was pending while freeing an address');

	if (ifp.state !== INET6_IFADDR_STATE_DEAD)
		m.record('WARN', 'inet6_ifa_finish_destroy', 'freeing an alive address');
}

/**
 * Enters an address into its device's list: wider scopes first, the newest first among equals.
 * @kernel net/ipv6/addrconf.c:972 (v5.10)
 */
function ipv6_link_dev_addr(idev: inet6_dev, ifp: inet6_ifaddr): void {
	const ifp_scope = ipv6_addr_src_scope(ifp.addr);
	let i = 0;
	for (; i < idev.addr_list.length; i++)
		if (ifp_scope >= ipv6_addr_src_scope(idev.addr_list[i].addr)) break;
	idev.addr_list.splice(i, 0, ifp);
}

/**
 * The bucket of an address.
 * @kernel net/ipv6/addrconf.c:991 (v5.10) inet6_addr_hash, with the table looked up
 */
function inet6_addr_bucket(m: Machine, addr: in6_addr): inet6_ifaddr[] {
	const h = ipv6_addr_hash(addr);
	return addrconf_state.of(m).inet6_addr_lst[
		(Math.imul(h, 0x61c88647) >>> 24) % IN6_ADDR_HSIZE
	];
}

/**
 * Tells whether an address is there already.
 * @param dev on this device
 * @kernel net/ipv6/addrconf.c:998 (v5.10)
 */
function ipv6_chk_same_addr(
	bucket: readonly inet6_ifaddr[],
	addr: in6_addr,
	dev: net_device,
): boolean {
	for (const ifp of bucket)
		if (ifp.idev.dev === dev && ipv6_addr_equal(ifp.addr, addr)) return true;
	return false;
}

/**
 * Enters an address into the hash.
 * @returns 0 or -EEXIST
 * @kernel net/ipv6/addrconf.c:1014 (v5.10)
 */
function ipv6_add_addr_hash(dev: net_device, ifa: inet6_ifaddr): number {
	const bucket = inet6_addr_bucket(dev.machine, ifa.addr);
	if (ipv6_chk_same_addr(bucket, ifa.addr, dev)) return -EEXIST;
	bucket.unshift(ifa);
	ifa.addr_lst_hashed = true;
	return 0;
}

/**
 * Takes an address out of the hash.
 * @kernel PORT: hlist_del_init_rcu(&ifp->addr_lst)
 */
function ipv6_del_addr_hash(ifp: inet6_ifaddr): void {
	if (!ifp.addr_lst_hashed) return;
	ifp.addr_lst_hashed = false;
	const bucket = inet6_addr_bucket(ifp.idev.dev.machine, ifp.addr);
	const i = bucket.indexOf(ifp);
	if (i >= 0) bucket.splice(i, 1);
}

/**
 * Adds an address to a device.
 * @param can_block asks those who validate
 * @returns the address with a reference for the caller, or an errno
 * @kernel net/ipv6/addrconf.c:1037 (v5.10)
 */
function ipv6_add_addr(
	idev: inet6_dev,
	cfg: ifa6_config,
	can_block: boolean,
	extack: netlink_ext_ack | null,
): inet6_ifaddr | number {
	const addr_type = ipv6_addr_type(cfg.pfx);
	const net = dev_net(idev.dev);
	const m = net.machine;

	if (
		addr_type === IPV6_ADDR_ANY ||
		(addr_type & IPV6_ADDR_MULTICAST) !== 0 ||
		((idev.dev.flags & IFF_LOOPBACK) === 0 &&
			!netif_is_l3_master(idev.dev) &&
			(addr_type & IPV6_ADDR_LOOPBACK) !== 0)
	)
		return -EADDRNOTAVAIL;

	if (idev.dead !== 0) return -ENODEV;
	if (idev.cnf.disable_ipv6 !== 0) return -EACCES;

	if (can_block) {
		const err = notifier_to_errno(
			inet6addr_validator_notifier_call_chain(m, NETDEV_UP, {
				i6vi_addr: cfg.pfx,
				i6vi_dev: idev,
				extack,
			}),
		);
		if (err < 0) return err;
	}

	const ifa = new inet6_ifaddr(idev);

	const f6i = addrconf_f6i_alloc(net, idev, cfg.pfx, false);
	if (IS_ERR(f6i)) return f6i;

	if (net.ipv6.devconf_all!.disable_policy !== 0 || idev.cnf.disable_policy !== 0)
		f6i.dst_nopolicy = true;

	neigh_parms_data_state_setall(idev.nd_parms!);

	ifa.addr.set(cfg.pfx);
	if (cfg.peer_pfx !== null) ifa.peer_addr.set(cfg.peer_pfx);

	ifa.dad_work = new delayed_work(m, () => {
		addrconf_dad_work(ifa);
	});
	ifa.scope = cfg.scope;
	ifa.prefix_len = cfg.plen;
	ifa.rt_priority = cfg.rt_priority;
	ifa.flags = cfg.ifa_flags;
	if ((cfg.ifa_flags & IFA_F_NODAD) === 0) ifa.flags |= IFA_F_TENTATIVE;
	ifa.valid_lft = cfg.valid_lft;
	ifa.prefered_lft = cfg.preferred_lft;
	ifa.cstamp = ifa.tstamp = m.jiffies;

	ifa.rt = f6i;

	in6_dev_hold(idev);

	const err = ipv6_add_addr_hash(idev.dev, ifa);
	if (err < 0) {
		fib6_info_release(f6i);
		in6_dev_put(idev);
		return err;
	}

	ipv6_link_dev_addr(idev, ifa);
	in6_ifa_hold(ifa);

	inet6addr_notifier_call_chain(m, NETDEV_UP, ifa);
	return ifa;
}

const CLEANUP_PREFIX_RT_NOP = 0;
const CLEANUP_PREFIX_RT_DEL = 1;
const CLEANUP_PREFIX_RT_EXPIRE = 2;

/** What is to be done with the prefix route of an address that goes. */
interface cleanup_prefix_rt {
	/** CLEANUP_PREFIX_RT_* */
	action: number;
	/** Jiffies. */
	expires: number;
}

/**
 * Tells what the prefix route of an address needs when the address goes: nothing while other addresses keep
 * it for ever or leave it to user land, an end with the last of the other addresses, or to go as well.
 * @kernel net/ipv6/addrconf.c:1191 (v5.10)
 */
function check_cleanup_prefix_route(ifp: inet6_ifaddr): cleanup_prefix_rt {
	const idev = ifp.idev;
	const ret: cleanup_prefix_rt = {
		action: CLEANUP_PREFIX_RT_DEL,
		expires: idev.dev.machine.jiffies,
	};

	for (const ifa of idev.addr_list) {
		if (ifa === ifp) continue;
		if (
			ifa.prefix_len !== ifp.prefix_len ||
			!ipv6_prefix_equal(ifa.addr, ifp.addr, ifp.prefix_len)
		)
			continue;
		if ((ifa.flags & (IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE)) !== 0) {
			ret.action = CLEANUP_PREFIX_RT_NOP;
			return ret;
		}

		ret.action = CLEANUP_PREFIX_RT_EXPIRE;
		const end = ifa.tstamp + addrconf_timeout_fixup(ifa.valid_lft) * HZ;
		if (time_before(ret.expires, end)) ret.expires = end;
	}

	return ret;
}

/**
 * Deletes the prefix route of an address, or lets it end.
 * @param expires jiffies
 * @param del_peer the peer's instead
 * @kernel net/ipv6/addrconf.c:1229 (v5.10)
 */
function cleanup_prefix_route(
	ifp: inet6_ifaddr,
	expires: number,
	del_rt: boolean,
	del_peer: boolean,
): void {
	const f6i = addrconf_get_prefix_route(
		del_peer ? ifp.peer_addr : ifp.addr,
		ifp.prefix_len,
		ifp.idev.dev,
		0,
		RTF_DEFAULT,
		true,
	);
	if (f6i === null) return;
	if (del_rt) {
		ip6_del_rt(dev_net(ifp.idev.dev), f6i, false);
	} else {
		if ((f6i.fib6_flags & RTF_EXPIRES) === 0) fib6_set_expires(f6i, expires);
		fib6_info_release(f6i);
	}
}

/**
 * Removes an address, and drops the caller's reference.
 * @kernel net/ipv6/addrconf.c:1251 (v5.10)
 */
function ipv6_del_addr(ifp: inet6_ifaddr): void {
	const state = ifp.state;
	ifp.state = INET6_IFADDR_STATE_DEAD;
	if (state === INET6_IFADDR_STATE_DEAD) {
		in6_ifa_put(ifp);
		return;
	}

	ipv6_del_addr_hash(ifp);

	let clean: cleanup_prefix_rt | null = null;
	if ((ifp.flags & IFA_F_PERMANENT) !== 0 && (ifp.flags & IFA_F_NOPREFIXROUTE) === 0)
		clean = check_cleanup_prefix_route(ifp);

	const i = ifp.idev.addr_list.indexOf(ifp);
	if (i >= 0) ifp.idev.addr_list.splice(i, 1);
	__in6_ifa_put(ifp);

	addrconf_del_dad_work(ifp);

	ipv6_ifa_notify(RTM_DELADDR, ifp);

	inet6addr_notifier_call_chain(ifp.idev.dev.machine, NETDEV_DOWN, ifp);

	if (clean !== null && clean.action !== CLEANUP_PREFIX_RT_NOP)
		cleanup_prefix_route(
			ifp,
			clean.expires,
			clean.action === CLEANUP_PREFIX_RT_DEL,
			false,
		);

	rt6_remove_prefsrc(ifp);
	in6_ifa_put(ifp);
}

/* rules of RFC 6724, section 5 */
const IPV6_SADDR_RULE_INIT = 0;
const IPV6_SADDR_RULE_LOCAL = 1;
const IPV6_SADDR_RULE_SCOPE = 2;
const IPV6_SADDR_RULE_PREFERRED = 3;
const IPV6_SADDR_RULE_OIF = 4;
const IPV6_SADDR_RULE_LABEL = 5;
const IPV6_SADDR_RULE_PRIVACY = 6;
const IPV6_SADDR_RULE_ORCHID = 7;
const IPV6_SADDR_RULE_PREFIX = 8;
const IPV6_SADDR_RULE_MAX = 9;

/** How good a candidate is. */
class ipv6_saddr_score {
	/** Last rule that was worked out. */
	rule = -1;
	addr_type = 0;
	ifa: inet6_ifaddr | null = null;
	/** One bit a rule. */
	scorebits = 0;
	scopedist = 0;
	matchlen = 0;
}

/** What a source address is wanted for. */
class ipv6_saddr_dst {
	addr: in6_addr = in6addr_any;
	ifindex = 0;
	scope = 0;
	label = 0;
	/** IPV6_PREFER_SRC_* */
	prefs = 0;
}

/** Scratch of ipv6_dev_get_saddr(), which neither nests nor yields. */
const saddr_scratch = machine_var(() => ({
	scores: [new ipv6_saddr_score(), new ipv6_saddr_score()] as const,
	dst: new ipv6_saddr_dst(),
}));

/**
 * Tells whether an address is preferred whatever its state.
 * @param type IPV6_ADDR_*
 * @kernel net/ipv6/addrconf.c:1466 (v5.10)
 */
function ipv6_saddr_preferred(type: number): boolean {
	return (type & (IPV6_ADDR_MAPPED | IPV6_ADDR_COMPATv4 | IPV6_ADDR_LOOPBACK)) !== 0;
}

/**
 * What a candidate scores by one rule.
 * @param i IPV6_SADDR_RULE_*
 * @kernel net/ipv6/addrconf.c:1505 (v5.10)
 */
function ipv6_get_saddr_eval(
	net: net,
	score: ipv6_saddr_score,
	dst: ipv6_saddr_dst,
	i: number,
): number {
	if (i <= score.rule) {
		if (i === IPV6_SADDR_RULE_SCOPE) return score.scopedist;
		if (i === IPV6_SADDR_RULE_PREFIX) return score.matchlen;
		return (score.scorebits >> i) & 1;
	}

	let ret: number;
	if (i === IPV6_SADDR_RULE_INIT) {
		ret = score.ifa !== null ? 1 : 0;
	} else {
		const ifa = score.ifa!;
		switch (i) {
			case IPV6_SADDR_RULE_LOCAL:
				ret = ipv6_addr_equal(ifa.addr, dst.addr) ? 1 : 0;
				break;
			case IPV6_SADDR_RULE_SCOPE:
				/* the smallest that suffices; without one, the greatest */
				ret = __ipv6_addr_src_scope(score.addr_type);
				if (ret >= dst.scope) ret = -ret;
				else ret -= 128;
				score.scopedist = ret;
				break;
			case IPV6_SADDR_RULE_PREFERRED:
				ret =
					ipv6_saddr_preferred(score.addr_type) ||
					(ifa.flags & (IFA_F_DEPRECATED | IFA_F_OPTIMISTIC)) === 0
						? 1
						: 0;
				break;
			case IPV6_SADDR_RULE_OIF:
				ret =
					dst.ifindex === 0 || dst.ifindex === ifa.idev.dev.ifindex
						? 1
						: 0;
				break;
			case IPV6_SADDR_RULE_LABEL:
				ret =
					ipv6_addr_label(
						net,
						ifa.addr,
						score.addr_type,
						ifa.idev.dev.ifindex,
					) === dst.label
						? 1
						: 0;
				break;
			case IPV6_SADDR_RULE_PRIVACY: {
				const preftmp =
					(dst.prefs &
						(IPV6_PREFER_SRC_PUBLIC | IPV6_PREFER_SRC_TMP)) !==
					0
						? (dst.prefs & IPV6_PREFER_SRC_TMP) !== 0
						: ifa.idev.cnf.use_tempaddr >= 2;
				ret = ((ifa.flags & IFA_F_TEMPORARY) === 0) !== preftmp ? 1 : 0;
				break;
			}
			case IPV6_SADDR_RULE_ORCHID:
				ret =
					ipv6_addr_orchid(ifa.addr) === ipv6_addr_orchid(dst.addr)
						? 1
						: 0;
				break;
			case IPV6_SADDR_RULE_PREFIX:
				ret = Math.min(ipv6_addr_diff(ifa.addr, dst.addr), ifa.prefix_len);
				score.matchlen = ret;
				break;
			default:
				ret = 0;
		}
	}

	if (ret !== 0) score.scorebits |= 1 << i;
	score.rule = i;
	return ret;
}

/**
 * Lets the addresses of a device compete.
 * @param hiscore_idx which of the two scores is the best so far
 * @returns the same afterwards
 * @kernel net/ipv6/addrconf.c:1639 (v5.10)
 */
function __ipv6_dev_get_saddr(
	net: net,
	dst: ipv6_saddr_dst,
	idev: inet6_dev,
	scores: readonly [ipv6_saddr_score, ipv6_saddr_score],
	hiscore_idx: number,
): number {
	for (const ifa of idev.addr_list) {
		const score = scores[1 - hiscore_idx];
		const hiscore = scores[hiscore_idx];

		if ((ifa.flags & IFA_F_TENTATIVE) !== 0 && (ifa.flags & IFA_F_OPTIMISTIC) === 0)
			continue;

		const addr_type = __ipv6_addr_type(ifa.addr);
		if (addr_type === IPV6_ADDR_ANY || (addr_type & IPV6_ADDR_MULTICAST) !== 0)
			continue;

		score.ifa = ifa;
		score.addr_type = addr_type;
		score.rule = -1;
		score.scorebits = 0;

		for (let i = 0; i < IPV6_SADDR_RULE_MAX; i++) {
			const minihiscore = ipv6_get_saddr_eval(net, hiscore, dst, i);
			const miniscore = ipv6_get_saddr_eval(net, score, dst, i);

			if (minihiscore > miniscore) {
				/* the list is in order of scope: the rest does not suffice either */
				if (i === IPV6_SADDR_RULE_SCOPE && score.scopedist > 0)
					return hiscore_idx;
				break;
			} else if (minihiscore < miniscore) {
				hiscore_idx = 1 - hiscore_idx;
				break;
			}
		}
	}
	return hiscore_idx;
}

/**
 * Chooses a source address.
 * @param dst_dev device to send by, null when not known
 * @param prefs IPV6_PREFER_SRC_*
 * @param saddr takes the address
 * @returns 0 or -EADDRNOTAVAIL
 * @kernel net/ipv6/addrconf.c:1733 (v5.10)
 */
export function ipv6_dev_get_saddr(
	net: net,
	dst_dev: net_device | null,
	daddr: in6_addr,
	prefs: number,
	saddr: in6_addr,
): number {
	const { scores, dst } = saddr_scratch.of(net.machine);
	const dst_type = __ipv6_addr_type(daddr);
	let use_oif_addr = false;
	let hiscore_idx = 0;
	let idev: inet6_dev | null = null;

	dst.addr = daddr;
	dst.ifindex = dst_dev !== null ? dst_dev.ifindex : 0;
	dst.scope = __ipv6_addr_src_scope(dst_type);
	dst.label = ipv6_addr_label(net, daddr, dst_type, dst.ifindex);
	dst.prefs = prefs;

	scores[0].rule = -1;
	scores[0].scorebits = 0;
	scores[0].ifa = null;

	if (dst_dev !== null) {
		idev = __in6_dev_get(dst_dev);
		if (
			(dst_type & IPV6_ADDR_MULTICAST) !== 0 ||
			dst.scope <= IPV6_ADDR_SCOPE_LINKLOCAL ||
			(idev !== null && idev.cnf.use_oif_addrs_only !== 0)
		)
			use_oif_addr = true;
	}

	if (use_oif_addr) {
		if (idev !== null)
			hiscore_idx = __ipv6_dev_get_saddr(net, dst, idev, scores, hiscore_idx);
	} else {
		const master = l3mdev_master_dev_rcu(dst_dev);
		const master_idx = master !== null ? master.ifindex : 0;
		let found = false;
		if (master !== null) {
			/* PORT: ipv6_get_saddr_master() */
			for (const d of [dst_dev!, master]) {
				idev = __in6_dev_get(d);
				if (idev !== null)
					hiscore_idx = __ipv6_dev_get_saddr(
						net,
						dst,
						idev,
						scores,
						hiscore_idx,
					);
			}
			found = scores[hiscore_idx].ifa !== null;
		}
		if (!found)
			for (const dev of net.dev_base_head) {
				if (l3mdev_master_ifindex_rcu(dev) !== master_idx) continue;
				idev = __in6_dev_get(dev);
				if (idev !== null)
					hiscore_idx = __ipv6_dev_get_saddr(
						net,
						dst,
						idev,
						scores,
						hiscore_idx,
					);
			}
	}

	const { ifa } = scores[hiscore_idx];
	scores[0].ifa = null;
	scores[1].ifa = null;
	if (ifa === null) return -EADDRNOTAVAIL;
	ipv6_addr_copy(saddr, ifa.addr);
	return 0;
}

/**
 * Link-local address of a device.
 * @param addr takes it
 * @param banned_flags IFA_F_* that it must not have
 * @returns 0 or -EADDRNOTAVAIL
 * @kernel net/ipv6/addrconf.c:1831 (v5.10)
 */
export function __ipv6_get_lladdr(idev: inet6_dev, addr: in6_addr, banned_flags: number): number {
	for (let i = idev.addr_list.length - 1; i >= 0; i--) {
		const ifp = idev.addr_list[i];
		if (ifp.scope > IFA_LINK) break;
		if (ifp.scope === IFA_LINK && (ifp.flags & banned_flags) === 0) {
			ipv6_addr_copy(addr, ifp.addr);
			return 0;
		}
	}
	return -EADDRNOTAVAIL;
}

/**
 * Link-local address of a device.
 * @param addr takes it
 * @param banned_flags IFA_F_* that it must not have
 * @returns 0 or -EADDRNOTAVAIL
 * @kernel net/ipv6/addrconf.c:1850 (v5.10)
 */
export function ipv6_get_lladdr(dev: net_device, addr: in6_addr, banned_flags: number): number {
	const idev = __in6_dev_get(dev);
	return idev !== null ? __ipv6_get_lladdr(idev, addr, banned_flags) : -EADDRNOTAVAIL;
}

/**
 * Tells whether an address is this host's.
 * @param dev its device, or that which sees it; null for any
 * @param strict only of this very device, even if the scope is wide
 * @kernel net/ipv6/addrconf.c:1879 (v5.10)
 */
export function ipv6_chk_addr(
	net: net,
	addr: in6_addr,
	dev: net_device | null,
	strict: number,
): boolean {
	return ipv6_chk_addr_and_flags(net, addr, dev, dev === null, strict, IFA_F_TENTATIVE);
}

/**
 * Finds the device of an address in the L3 domain of a device.
 * @param dev names the domain
 * @param skip_dev_check any device of the domain
 * @param strict only this very device, even if the scope is wide
 * @param banned_flags IFA_F_* that it must not have
 * @kernel net/ipv6/addrconf.c:1897 (v5.10)
 */
function __ipv6_chk_addr_and_flags(
	net: net,
	addr: in6_addr,
	dev: net_device | null,
	skip_dev_check: boolean,
	strict: number,
	banned_flags: number,
): net_device | null {
	const l3mdev = l3mdev_master_dev_rcu(dev);
	if (skip_dev_check) dev = null;

	for (const ifp of inet6_addr_bucket(net.machine, addr)) {
		const ndev = ifp.idev.dev;
		if (ndev.nd_net !== net) continue;
		if (l3mdev_master_dev_rcu(ndev) !== l3mdev) continue;

		const ifp_flags =
			(ifp.flags & IFA_F_OPTIMISTIC) !== 0
				? ifp.flags & ~IFA_F_TENTATIVE
				: ifp.flags;
		if (
			ipv6_addr_equal(ifp.addr, addr) &&
			(ifp_flags & banned_flags) === 0 &&
			(dev === null ||
				ndev === dev ||
				!((ifp.scope & (IFA_LINK | IFA_HOST)) !== 0 || strict !== 0))
		)
			return ndev;
	}
	return null;
}

/**
 * Tells whether an address is there in the L3 domain of a device, or on the device.
 * @param skip_dev_check any device of the domain
 * @param strict only this very device, even if the scope is wide
 * @param banned_flags IFA_F_* that it must not have
 * @kernel net/ipv6/addrconf.c:1939 (v5.10)
 */
export function ipv6_chk_addr_and_flags(
	net: net,
	addr: in6_addr,
	dev: net_device | null,
	skip_dev_check: boolean,
	strict: number,
	banned_flags: number,
): boolean {
	return (
		__ipv6_chk_addr_and_flags(net, addr, dev, skip_dev_check, strict, banned_flags) !==
		null
	);
}

/**
 * Tells whether an address is in the prefix of one of a device's addresses.
 * @kernel net/ipv6/addrconf.c:1974 (v5.10)
 */
export function ipv6_chk_prefix(addr: in6_addr, dev: net_device): boolean {
	const idev = __in6_dev_get(dev);
	if (idev === null) return false;
	for (const ifa of idev.addr_list)
		if (ipv6_prefix_equal(addr, ifa.addr, ifa.prefix_len)) return true;
	return false;
}

/**
 * Finds an address.
 * @param dev its device, null for any
 * @param strict only of this very device, even if the scope is wide
 * @returns it with a reference, or null
 * @kernel net/ipv6/addrconf.c:2011 (v5.10)
 */
export function ipv6_get_ifaddr(
	net: net,
	addr: in6_addr,
	dev: net_device | null,
	strict: number,
): inet6_ifaddr | null {
	for (const ifp of inet6_addr_bucket(net.machine, addr)) {
		const ndev = ifp.idev.dev;
		if (ndev.nd_net !== net || !ipv6_addr_equal(ifp.addr, addr)) continue;
		if (
			dev === null ||
			ndev === dev ||
			!((ifp.scope & (IFA_LINK | IFA_HOST)) !== 0 || strict !== 0)
		) {
			in6_ifa_hold(ifp);
			return ifp;
		}
	}
	return null;
}

/**
 * Ends DAD of an address without its coming into use, and drops the caller's reference.
 * @param dad_failed another host has it
 * @kernel net/ipv6/addrconf.c:2037 (v5.10)
 */
function addrconf_dad_stop(ifp: inet6_ifaddr, dad_failed: boolean): void {
	if (dad_failed) ifp.flags |= IFA_F_DADFAILED;

	if ((ifp.flags & IFA_F_PERMANENT) !== 0 || !dad_failed) {
		addrconf_del_dad_work(ifp);
		ifp.flags |= IFA_F_TENTATIVE;
		if (dad_failed) {
			ifp.flags &= ~IFA_F_OPTIMISTIC;
			ipv6_ifa_notify(0, ifp);
		}
		in6_ifa_put(ifp);
	} else {
		ipv6_del_addr(ifp);
	}
}

/**
 * DAD of an address is over.
 * @returns 0, or -ENOENT when it was not on
 * @kernel net/ipv6/addrconf.c:2070 (v5.10)
 */
function addrconf_dad_end(ifp: inet6_ifaddr): number {
	if (ifp.state !== INET6_IFADDR_STATE_DAD) return -ENOENT;
	ifp.state = INET6_IFADDR_STATE_POSTDAD;
	return 0;
}

/**
 * Another host showed that it has an address; drops the caller's reference.
 * @param skb what showed it
 * @kernel net/ipv6/addrconf.c:2084 (v5.10)
 */
export function addrconf_dad_failure(skb: sk_buff, ifp: inet6_ifaddr): void {
	const idev = ifp.idev;
	const net = dev_net(idev.dev);
	const m = net.machine;

	if (addrconf_dad_end(ifp) !== 0) {
		in6_ifa_put(ifp);
		return;
	}

	m.printk(
		`IPv6: ${idev.dev.name}: IPv6 duplicate address ${ip6_string(ifp.addr, 0)} used by ` +
			`${mac_address_string(skb.head, skb.mac_header + ETH_ALEN)} detected!`,
	);

	if ((ifp.flags & IFA_F_STABLE_PRIVACY) !== 0) addrconf_dad_failure_stable(idev, ifp);

	ifp.state = INET6_IFADDR_STATE_ERRDAD;
	addrconf_mod_dad_work(ifp, 0);
	in6_ifa_put(ifp);
}

/**
 * Tries another address in place of a stable one that another host has.
 * @kernel PORT: a block of addrconf_dad_failure
 */
function addrconf_dad_failure_stable(idev: inet6_dev, ifp: inet6_ifaddr): void {
	const net = dev_net(idev.dev);
	const m = net.machine;
	const retries = ifp.stable_privacy_retry + 1;

	if (retries > net.ipv6.sysctl.idgen_retries) {
		m.printk(
			`IPv6: ${idev.dev.name}: privacy stable address generation failed because of DAD conflicts!`,
		);
		return;
	}

	const cfg = new ifa6_config(ifp.addr.slice());
	cfg.plen = ifp.prefix_len;
	cfg.ifa_flags = ifp.flags;
	cfg.valid_lft = ifp.valid_lft;
	cfg.preferred_lft = ifp.prefered_lft;
	cfg.scope = ifp.scope;
	if (ipv6_generate_stable_address(cfg.pfx, retries, idev) !== 0) return;

	if (idev.cnf.max_addresses !== 0 && idev.addr_list.length >= idev.cnf.max_addresses) return;

	m.printk(
		`IPv6: ${idev.dev.name}: generating new stable privacy address because of DAD conflict`,
	);

	const ifp2 = ipv6_add_addr(idev, cfg, false, null);
	if (IS_ERR(ifp2)) return;
	ifp2.stable_privacy_retry = retries;
	ifp2.state = INET6_IFADDR_STATE_PREDAD;

	addrconf_mod_dad_work(ifp2, net.ipv6.sysctl.idgen_delay);
	in6_ifa_put(ifp2);
}

/**
 * Listens to the solicited-node group of an address.
 * @kernel net/ipv6/addrconf.c:2159 (v5.10)
 */
export function addrconf_join_solict(dev: net_device, addr: in6_addr): void {
	if ((dev.flags & (IFF_LOOPBACK | IFF_NOARP)) !== 0) return;

	const maddr: in6_addr = new Uint8Array(16);
	addrconf_addr_solict_mult(addr, maddr);
	ipv6_dev_mc_inc(dev, maddr);
}

/**
 * Ends addrconf_join_solict().
 * @kernel net/ipv6/addrconf.c:2171 (v5.10)
 */
export function addrconf_leave_solict(idev: inet6_dev, addr: in6_addr): void {
	if ((idev.dev.flags & (IFF_LOOPBACK | IFF_NOARP)) !== 0) return;

	const maddr: in6_addr = new Uint8Array(16);
	addrconf_addr_solict_mult(addr, maddr);
	__ipv6_dev_mc_dec(idev, maddr);
}

/**
 * The subnet-router anycast address of an address.
 * @returns null when it has none
 * @kernel PORT: shared by addrconf_join_anycast() and addrconf_leave_anycast()
 */
function addrconf_anycast(ifp: inet6_ifaddr): in6_addr | null {
	/* RFC 6164 */
	if (ifp.prefix_len >= 127) return null;
	const addr: in6_addr = new Uint8Array(16);
	ipv6_addr_prefix(addr, ifp.addr, ifp.prefix_len);
	return ipv6_addr_any(addr) ? null : addr;
}

/**
 * Takes the subnet-router anycast address of an address.
 * @kernel net/ipv6/addrconf.c:2183 (v5.10)
 */
function addrconf_join_anycast(ifp: inet6_ifaddr): void {
	const addr = addrconf_anycast(ifp);
	if (addr !== null) __ipv6_dev_ac_inc(ifp.idev, addr);
}

/**
 * Gives the subnet-router anycast address of an address up.
 * @kernel net/ipv6/addrconf.c:2196 (v5.10)
 */
function addrconf_leave_anycast(ifp: inet6_ifaddr): void {
	const addr = addrconf_anycast(ifp);
	if (addr !== null) __ipv6_dev_ac_dec(ifp.idev, addr);
}

/**
 * Makes the interface identifier of a device from its hardware address.
 * @param eui takes eight bytes from off on
 * @returns 0, or -1 when there is none
 * @kernel net/ipv6/addrconf.c:2300 (v5.10)
 */
function ipv6_generate_eui64(eui: Uint8Array, off: number, dev: net_device): number {
	return dev.type === ARPHRD_ETHER ? addrconf_ifid_eui48(eui, off, dev) : -1;
}

/**
 * Takes the interface identifier of the device's link-local address.
 * @param eui takes eight bytes from off on
 * @returns 0, or -1 when there is none
 * @kernel net/ipv6/addrconf.c:2327 (v5.10)
 */
function ipv6_inherit_eui64(eui: Uint8Array, off: number, idev: inet6_dev): number {
	for (let i = idev.addr_list.length - 1; i >= 0; i--) {
		const ifp = idev.addr_list[i];
		if (ifp.scope > IFA_LINK) break;
		if (ifp.scope === IFA_LINK && (ifp.flags & IFA_F_TENTATIVE) === 0) {
			eui.set(ifp.addr.subarray(8, 16), off);
			return 0;
		}
	}
	return -1;
}

/**
 * Adds a prefix route.
 * @param metric 0 for the usual one
 * @param expires clock ticks from now, with RTF_EXPIRES
 * @param flags RTF_*
 * @kernel net/ipv6/addrconf.c:2385 (v5.10)
 */
function addrconf_prefix_route(
	pfx: in6_addr,
	plen: number,
	metric: number,
	dev: net_device,
	expires: number,
	flags: number,
): void {
	const cfg = new fib6_config();
	cfg.fc_table = l3mdev_fib_table(dev) || RT6_TABLE_PREFIX;
	cfg.fc_metric = metric || IP6_RT_PRIO_ADDRCONF;
	cfg.fc_ifindex = dev.ifindex;
	cfg.fc_expires = expires;
	cfg.fc_dst_len = plen;
	cfg.fc_flags = RTF_UP | flags;
	cfg.fc_nlinfo.nl_net = dev_net(dev);
	cfg.fc_protocol = RTPROT_KERNEL;
	cfg.fc_type = RTN_UNICAST;

	ipv6_addr_copy(cfg.fc_dst, pfx);

	ip6_route_add(cfg, null);
}

/**
 * Finds a prefix route.
 * @param flags RTF_* that it must have
 * @param noflags RTF_* that it must not have
 * @param no_gw it must have no gateway
 * @returns it with a reference, or null
 * @kernel net/ipv6/addrconf.c:2416 (v5.10)
 */
function addrconf_get_prefix_route(
	pfx: in6_addr,
	plen: number,
	dev: net_device,
	flags: number,
	noflags: number,
	no_gw: boolean,
): fib6_info | null {
	const table = fib6_get_table(dev_net(dev), l3mdev_fib_table(dev) || RT6_TABLE_PREFIX);
	if (table === null) return null;

	const fn = fib6_locate(table.tb6_root, pfx, plen, null, 0, true);
	if (fn === null) return null;

	for (let rt = fn.leaf; rt !== null; rt = rt.fib6_next) {
		const nh = rt.fib6_nh;
		if (nh.fib_nh_dev === null || nh.fib_nh_dev.ifindex !== dev.ifindex) continue;
		if (no_gw && nh.fib_nh_gw_family !== 0) continue;
		if ((rt.fib6_flags & flags) !== flags) continue;
		if ((rt.fib6_flags & noflags) !== 0) continue;
		if (!fib6_info_hold_safe(rt)) continue;
		return rt;
	}
	return null;
}

/**
 * Adds the route of all groups.
 * @kernel net/ipv6/addrconf.c:2461 (v5.10)
 */
function addrconf_add_mroute(dev: net_device): void {
	const cfg = new fib6_config();
	cfg.fc_table = l3mdev_fib_table(dev) || RT6_TABLE_LOCAL;
	cfg.fc_metric = IP6_RT_PRIO_ADDRCONF;
	cfg.fc_ifindex = dev.ifindex;
	cfg.fc_dst_len = 8;
	cfg.fc_flags = RTF_UP;
	cfg.fc_type = RTN_MULTICAST;
	cfg.fc_nlinfo.nl_net = dev_net(dev);
	cfg.fc_protocol = RTPROT_KERNEL;

	cfg.fc_dst[0] = 0xff;

	ip6_route_add(cfg, null);
}

/**
 * Makes a device ready for addresses.
 * @returns its IPv6 side, or -EACCES when IPv6 is off, or another errno
 * @kernel net/ipv6/addrconf.c:2479 (v5.10)
 */
function addrconf_add_dev(dev: net_device): inet6_dev | number {
	const idev = ipv6_find_idev(dev);
	if (IS_ERR(idev)) return idev;

	if (idev.cnf.disable_ipv6 !== 0) return -EACCES;

	if ((dev.flags & IFF_LOOPBACK) === 0 && !netif_is_l3_master(dev)) addrconf_add_mroute(dev);

	return idev;
}

/**
 * Tells whether identifiers are made from a secret.
 * @kernel net/ipv6/addrconf.c:2566 (v5.10)
 */
function is_addr_mode_generate_stable(idev: inet6_dev): boolean {
	return (
		idev.cnf.addr_gen_mode === IN6_ADDR_GEN_MODE_STABLE_PRIVACY ||
		idev.cnf.addr_gen_mode === IN6_ADDR_GEN_MODE_RANDOM
	);
}

/**
 * Adds the address of an announced prefix, or sets how long it lasts.
 * @param addr_type IPV6_ADDR_*
 * @param addr_flags IFA_F_*
 * @param valid_lft seconds, 0xffffffff for ever
 * @param prefered_lft seconds, 0xffffffff for ever
 * @returns 0 or -1
 * @kernel net/ipv6/addrconf.c:2572 (v5.10)
 */
export function addrconf_prefix_rcv_add_addr(
	net: net,
	dev: net_device,
	prefix_len: number,
	in6_dev: inet6_dev,
	addr: in6_addr,
	addr_type: number,
	addr_flags: number,
	tokenized: boolean,
	valid_lft: number,
	prefered_lft: number,
): number {
	const m = net.machine;
	let ifp = ipv6_get_ifaddr(net, addr, dev, 1);
	let create = false;

	if (ifp === null && valid_lft !== 0) {
		const max_addresses = in6_dev.cnf.max_addresses;
		const cfg = new ifa6_config(addr);
		cfg.plen = prefix_len;
		cfg.ifa_flags = addr_flags;
		cfg.valid_lft = valid_lft;
		cfg.preferred_lft = prefered_lft;
		cfg.scope = addr_type & IPV6_ADDR_SCOPE_MASK;

		if (max_addresses !== 0 && in6_dev.addr_list.length >= max_addresses) return -1;
		const made = ipv6_add_addr(in6_dev, cfg, false, null);
		if (IS_ERR(made)) return -1;

		ifp = made;
		create = true;
		ifp.flags |= IFA_F_MANAGETEMPADDR;
		ifp.cstamp = m.jiffies;
		ifp.tokenized = tokenized;
		addrconf_dad_start(ifp);
	}

	if (ifp !== null) {
		const now = m.jiffies;
		const age = Math.floor((now - ifp.tstamp) / HZ);
		const stored_lft = ifp.valid_lft > age ? ifp.valid_lft - age : 0;

		if (!create && stored_lft !== 0) {
			ifp.valid_lft = valid_lft;
			ifp.prefered_lft = prefered_lft;
			ifp.tstamp = now;
			ifp.flags &= ~IFA_F_DEPRECATED;
			if ((ifp.flags & IFA_F_TENTATIVE) === 0) ipv6_ifa_notify(0, ifp);
		}

		in6_ifa_put(ifp);
		addrconf_verify(m);
	}

	return 0;
}

/**
 * A router announced a prefix: a route for it if it is on the link, an address in it if we may.
 * @param skb the advertisement
 * @param opt where the option starts in skb.head
 * @param len its length
 * @kernel net/ipv6/addrconf.c:2660 (v5.10)
 */
export function addrconf_prefix_rcv(
	dev: net_device,
	skb: sk_buff,
	opt: number,
	len: number,
	_sllao: boolean,
): void {
	const net = dev_net(dev);
	const m = net.machine;
	const { head } = skb;

	if (len < PREFIX_INFO_LEN) return;

	const prefix: in6_addr = head.slice(
		opt + PREFIX_INFO_prefix,
		opt + PREFIX_INFO_prefix + 16,
	);
	const prefix_len = head[opt + PREFIX_INFO_prefix_len];
	const flags = head[opt + PREFIX_INFO_flags];
	const addr_type = ipv6_addr_type(prefix);

	if ((addr_type & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LINKLOCAL)) !== 0) return;

	const valid_lft = get_unaligned_be32(head, opt + PREFIX_INFO_valid) as number;
	const prefered_lft = get_unaligned_be32(head, opt + PREFIX_INFO_prefered) as number;

	if (prefered_lft > valid_lft) {
		m.printk('IPv6: addrconf: prefix option has invalid lifetime');
		return;
	}

	const in6_dev = __in6_dev_get(dev);
	if (in6_dev === null) return;

	/* PORT: C looks the prefix up with any length up to 255 and finds nothing above 128 */
	if ((flags & PREFIX_INFO_F_ONLINK) !== 0 && prefix_len <= 128) {
		const rt_expires = addrconf_timeout_fixup(valid_lft) * HZ;
		const rt = addrconf_get_prefix_route(
			prefix,
			prefix_len,
			dev,
			RTF_ADDRCONF | RTF_PREFIX_RT,
			RTF_DEFAULT,
			true,
		);

		if (rt !== null) {
			if (valid_lft === 0) {
				ip6_del_rt(net, rt, false);
			} else {
				if (addrconf_finite_timeout(rt_expires))
					fib6_set_expires(rt, m.jiffies + rt_expires);
				else fib6_clean_expires(rt);
				fib6_info_release(rt);
			}
		} else if (valid_lft !== 0) {
			let expires = 0;
			let rt_flags = RTF_ADDRCONF | RTF_PREFIX_RT;
			if (addrconf_finite_timeout(rt_expires)) {
				rt_flags |= RTF_EXPIRES;
				expires = jiffies_to_clock_t(rt_expires);
			}
			addrconf_prefix_route(prefix, prefix_len, 0, dev, expires, rt_flags);
		}
	}

	if ((flags & PREFIX_INFO_F_AUTOCONF) === 0 || in6_dev.cnf.autoconf === 0) return;
	if (prefix_len !== 64) return;

	const addr: in6_addr = new Uint8Array(16);
	let addr_flags = 0;
	let tokenized = false;
	addr.set(prefix.subarray(0, 8));
	if (!ipv6_addr_any(in6_dev.token)) {
		addr.set(in6_dev.token.subarray(8), 8);
		tokenized = true;
	} else if (
		is_addr_mode_generate_stable(in6_dev) &&
		ipv6_generate_stable_address(addr, 0, in6_dev) === 0
	) {
		addr_flags |= IFA_F_STABLE_PRIVACY;
	} else if (
		ipv6_generate_eui64(addr, 8, dev) !== 0 &&
		ipv6_inherit_eui64(addr, 8, in6_dev) !== 0
	) {
		return;
	}

	addrconf_prefix_rcv_add_addr(
		net,
		dev,
		prefix_len,
		in6_dev,
		addr,
		addr_type,
		addr_flags,
		tokenized,
		valid_lft,
		prefered_lft,
	);
}

/** What the life times of a request mean for routes. */
interface cfg_lifetime {
	/** Clock ticks. */
	expires: number;
	/** RTF_* */
	flags: number;
}

/**
 * Turns the life times of a request into flags of the address and an end of its routes.
 * @kernel PORT: shared by inet6_addr_add() and inet6_addr_modify()
 */
function inet6_cfg_lifetime(cfg: ifa6_config): cfg_lifetime {
	const ret: cfg_lifetime = { expires: 0, flags: 0 };

	const timeout = addrconf_timeout_fixup(cfg.valid_lft);
	if (addrconf_finite_timeout(timeout)) {
		ret.expires = jiffies_to_clock_t(timeout * HZ);
		ret.flags = RTF_EXPIRES;
	} else {
		cfg.ifa_flags |= IFA_F_PERMANENT;
	}

	if (cfg.preferred_lft === 0) cfg.ifa_flags |= IFA_F_DEPRECATED;
	return ret;
}

/**
 * Adds an address by request.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/addrconf.c:2883 (v5.10)
 */
function inet6_addr_add(
	net: net,
	ifindex: number,
	cfg: ifa6_config,
	extack: netlink_ext_ack | null,
): number {
	if (cfg.plen > 128) return -EINVAL;

	if (cfg.valid_lft === 0 || cfg.preferred_lft > cfg.valid_lft) return -EINVAL;

	if ((cfg.ifa_flags & IFA_F_MANAGETEMPADDR) !== 0 && cfg.plen !== 64) return -EINVAL;

	const dev = __dev_get_by_index(net, ifindex);
	if (dev === null) return -ENODEV;

	const idev = addrconf_add_dev(dev);
	if (IS_ERR(idev)) return idev;

	cfg.scope = ipv6_addr_scope(cfg.pfx);

	const lft = inet6_cfg_lifetime(cfg);

	const ifp = ipv6_add_addr(idev, cfg, true, extack);
	if (IS_ERR(ifp)) return ifp;

	if ((cfg.ifa_flags & IFA_F_NOPREFIXROUTE) === 0)
		addrconf_prefix_route(
			ifp.addr,
			ifp.prefix_len,
			ifp.rt_priority,
			dev,
			lft.expires,
			lft.flags,
		);

	/* Told now if DAD is on; else when the address is in use. */
	if ((ifp.flags & (IFA_F_OPTIMISTIC | IFA_F_NODAD)) === 0) ipv6_ifa_notify(0, ifp);
	addrconf_dad_start(ifp);
	in6_ifa_put(ifp);
	addrconf_verify_rtnl(net.machine);
	return 0;
}

/**
 * Removes an address by request.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/addrconf.c:2975 (v5.10)
 */
function inet6_addr_del(net: net, ifindex: number, pfx: in6_addr, plen: number): number {
	if (plen > 128) return -EINVAL;

	const dev = __dev_get_by_index(net, ifindex);
	if (dev === null) return -ENODEV;

	const idev = __in6_dev_get(dev);
	if (idev === null) return -ENXIO;

	for (const ifp of idev.addr_list) {
		if (ifp.prefix_len !== plen || !ipv6_addr_equal(pfx, ifp.addr)) continue;
		in6_ifa_hold(ifp);
		ipv6_del_addr(ifp);
		addrconf_verify_rtnl(net.machine);
		return 0;
	}
	return -EADDRNOTAVAIL;
}

/**
 * Adds an address that needs no DAD.
 * @param scope IFA_*
 * @kernel net/ipv6/addrconf.c:3061 (v5.10)
 */
function add_addr(idev: inet6_dev, addr: in6_addr, plen: number, scope: number): void {
	const cfg = new ifa6_config(addr);
	cfg.plen = plen;
	cfg.ifa_flags = IFA_F_PERMANENT;
	cfg.valid_lft = INFINITY_LIFE_TIME;
	cfg.preferred_lft = INFINITY_LIFE_TIME;
	cfg.scope = scope;

	const ifp = ipv6_add_addr(idev, cfg, true, null);
	if (IS_ERR(ifp)) return;
	ifp.flags &= ~IFA_F_TENTATIVE;
	rt_genid_bump_ipv6(dev_net(idev.dev));
	ipv6_ifa_notify(RTM_NEWADDR, ifp);
	in6_ifa_put(ifp);
}

/**
 * The loopback device came up: it gets ::1.
 * @kernel net/ipv6/addrconf.c:3142 (v5.10)
 */
function init_loopback(dev: net_device): void {
	const idev = ipv6_find_idev(dev);
	if (IS_ERR(idev)) return;

	add_addr(idev, in6addr_loopback, 128, IFA_HOST);
}

/**
 * Adds a link-local address.
 * @param flags IFA_F_*
 * @kernel net/ipv6/addrconf.c:3159 (v5.10)
 */
export function addrconf_add_linklocal(idev: inet6_dev, addr: in6_addr, flags: number): void {
	const cfg = new ifa6_config(addr);
	cfg.plen = 64;
	cfg.ifa_flags = flags | IFA_F_PERMANENT;
	cfg.valid_lft = INFINITY_LIFE_TIME;
	cfg.preferred_lft = INFINITY_LIFE_TIME;
	cfg.scope = IFA_LINK;

	const ifp = ipv6_add_addr(idev, cfg, true, null);
	if (IS_ERR(ifp)) return;
	addrconf_prefix_route(ifp.addr, ifp.prefix_len, 0, idev.dev, 0, 0);
	addrconf_dad_start(ifp);
	in6_ifa_put(ifp);
}

/**
 * Tells whether an interface identifier must not be made up.
 * @kernel net/ipv6/addrconf.c:3189 (v5.10)
 */
function ipv6_reserved_interfaceid(address: in6_addr): boolean {
	const w2 = get_unaligned_be32(address, 8) as number;
	const w3 = get_unaligned_be32(address, 12) as number;

	if (w2 === 0 && w3 === 0) return true;
	if (w2 === 0x02005eff && w3 >>> 25 === 0xfe000000 >>> 25) return true;
	return w2 === 0xfdffffff && w3 >>> 7 === 0xffffff80 >>> 7;
}

/**
 * One round of SHA-1 from its initial state over one block.
 * @param data 64 bytes
 * @returns the five words of the state
 * @kernel PORT: lib/sha1.c sha1_init and sha1_transform
 */
function sha1_transform(data: Uint8Array): Uint32Array {
	const w = new Uint32Array(80);
	const rol = (x: number, n: number): number => (x << n) | (x >>> (32 - n));
	for (let i = 0; i < 16; i++) w[i] = get_unaligned_be32(data, 4 * i);
	for (let i = 16; i < 80; i++) w[i] = rol(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);

	const h = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
	let [a, b, c, d, e] = [h[0] | 0, h[1] | 0, h[2] | 0, h[3] | 0, h[4] | 0];
	for (let i = 0; i < 80; i++) {
		const f =
			i < 20
				? ((b & c) | (~b & d)) + 0x5a827999
				: i < 40
					? (b ^ c ^ d) + 0x6ed9eba1
					: i < 60
						? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
						: (b ^ c ^ d) + 0xca62c1d6;
		const t = (rol(a, 5) + f + e + w[i]) | 0;
		e = d;
		d = c;
		c = rol(b, 30);
		b = a;
		a = t;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
	return h;
}

/**
 * Makes an interface identifier from the device's secret (RFC 7217).
 * @param address holds the prefix, takes the identifier
 * @param dad_count how many were in use elsewhere
 * @returns 0, or -1 without a secret
 * @kernel net/ipv6/addrconf.c:3205 (v5.10)
 */
function ipv6_generate_stable_address(
	address: in6_addr,
	dad_count: number,
	idev: inet6_dev,
): number {
	const net = dev_net(idev.dev);
	const dflt = net.ipv6.devconf_dflt!.stable_secret;
	let secret: in6_addr;

	if (idev.cnf.stable_secret.initialized) secret = idev.cnf.stable_secret.secret;
	else if (dflt.initialized) secret = dflt.secret;
	else return -1;

	const data = new Uint8Array(64);
	const temp: in6_addr = address.slice();
	for (;;) {
		/* secret, prefix, hardware address of up to 32 bytes, counter */
		data.fill(0);
		data.set(secret);
		data.set(address.subarray(0, 8), 16);
		data.set(idev.dev.perm_addr.subarray(0, idev.dev.addr_len), 24);
		data[56] = dad_count;

		/* PORT: C stores the words of a little-endian machine as they are */
		const digest = sha1_transform(data);
		for (let i = 0; i < 8; i++) temp[8 + i] = digest[i >> 2] >>> (8 * (i & 3));

		if (!ipv6_reserved_interfaceid(temp)) break;
		dad_count++;
		if (dad_count > net.ipv6.sysctl.idgen_retries) return -1;
	}

	ipv6_addr_copy(address, temp);
	return 0;
}

/**
 * Draws a secret for a device that has none.
 * @kernel net/ipv6/addrconf.c:3267 (v5.10)
 */
function ipv6_gen_mode_random_init(idev: inet6_dev): void {
	const s = idev.cnf.stable_secret;
	if (s.initialized) return;
	get_random_bytes(idev.dev.machine, s.secret);
	s.initialized = true;
}

/**
 * Gives a device a link-local address, as its mode says.
 * @param prefix_route adds the route at least
 * @kernel net/ipv6/addrconf.c:3278 (v5.10)
 */
function addrconf_addr_gen(idev: inet6_dev, prefix_route: boolean): void {
	if (netif_is_l3_master(idev.dev)) return;
	if ((idev.dev.flags & IFF_SLAVE) !== 0) return;

	const addr: in6_addr = new Uint8Array(16);
	ipv6_addr_set(addr, 0xfe800000, 0, 0, 0);

	switch (idev.cnf.addr_gen_mode) {
		case IN6_ADDR_GEN_MODE_RANDOM:
		case IN6_ADDR_GEN_MODE_STABLE_PRIVACY:
			if (idev.cnf.addr_gen_mode === IN6_ADDR_GEN_MODE_RANDOM)
				ipv6_gen_mode_random_init(idev);
			if (ipv6_generate_stable_address(addr, 0, idev) === 0)
				addrconf_add_linklocal(idev, addr, IFA_F_STABLE_PRIVACY);
			else if (prefix_route) addrconf_prefix_route(addr, 64, 0, idev.dev, 0, 0);
			break;
		case IN6_ADDR_GEN_MODE_EUI64:
			if (ipv6_generate_eui64(addr, 8, idev.dev) === 0)
				addrconf_add_linklocal(idev, addr, 0);
			else if (prefix_route) addrconf_prefix_route(addr, 64, 0, idev.dev, 0, 0);
			break;
		default:
			break;
	}
}

/**
 * A device came up: its first addresses.
 * @kernel net/ipv6/addrconf.c:3322 (v5.10)
 */
function addrconf_dev_config(dev: net_device): void {
	if (dev.type !== ARPHRD_ETHER && dev.type !== ARPHRD_NONE) {
		const idev = __in6_dev_get(dev);
		if (
			idev !== null &&
			(dev.flags & IFF_UP) !== 0 &&
			(dev.flags & IFF_MULTICAST) !== 0
		)
			ipv6_mc_up(idev);
		return;
	}

	const idev = addrconf_add_dev(dev);
	if (IS_ERR(idev)) return;

	if (dev.type === ARPHRD_NONE && idev.cnf.addr_gen_mode === IN6_ADDR_GEN_MODE_EUI64)
		idev.cnf.addr_gen_mode = IN6_ADDR_GEN_MODE_RANDOM;

	addrconf_addr_gen(idev, false);
}

/**
 * Gives an address that outlived its device's being down its routes back.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/addrconf.c:3410 (v5.10)
 */
function fixup_permanent_addr(net: net, idev: inet6_dev, ifp: inet6_ifaddr): number {
	if (ifp.rt === null || ifp.rt.fib6_node === null) {
		const f6i = addrconf_f6i_alloc(net, idev, ifp.addr, false);
		if (IS_ERR(f6i)) return f6i;

		const prev = ifp.rt;
		ifp.rt = f6i;
		fib6_info_release(prev);
	}

	if ((ifp.flags & IFA_F_NOPREFIXROUTE) === 0)
		addrconf_prefix_route(ifp.addr, ifp.prefix_len, ifp.rt_priority, idev.dev, 0, 0);

	if (ifp.state === INET6_IFADDR_STATE_PREDAD) addrconf_dad_start(ifp);

	return 0;
}

/**
 * Gives the permanent addresses of a device their routes back.
 * @kernel net/ipv6/addrconf.c:3447 (v5.10)
 */
function addrconf_permanent_addr(net: net, dev: net_device): void {
	const idev = __in6_dev_get(dev);
	if (idev === null) return;

	for (const ifp of idev.addr_list.slice()) {
		if (
			(ifp.flags & IFA_F_PERMANENT) === 0 ||
			fixup_permanent_addr(net, idev, ifp) >= 0
		)
			continue;
		in6_ifa_hold(ifp);
		ipv6_del_addr(ifp);
		net.machine.printk(
			`IPv6: ${dev.name}: Failed to add prefix route for address ${ip6_string(ifp.addr, 0)}; dropping`,
		);
	}
}

/**
 * A device comes up or sees its link: IPv6 starts on it when it is ready.
 * @param event NETDEV_UP, NETDEV_CHANGE, or NETDEV_CHANGEMTU when IPv6 came to the device by it
 * @kernel PORT: the block of addrconf_notify for NETDEV_UP and NETDEV_CHANGE
 */
function addrconf_notify_up(
	dev: net_device,
	idev: inet6_dev | null,
	event: number,
	info: netdev_notifier_info,
): void {
	const net = dev_net(dev);
	let run_pending = event === NETDEV_CHANGEMTU;

	if ((dev.flags & IFF_SLAVE) !== 0) return;

	if (idev !== null && idev.cnf.disable_ipv6 !== 0) return;

	if (event === NETDEV_UP) {
		addrconf_permanent_addr(net, dev);

		if (!addrconf_link_ready(dev)) return;

		if (idev === null && dev.mtu >= IPV6_MIN_MTU) {
			const made = ipv6_add_dev(dev);
			if (!IS_ERR(made)) idev = made;
		}

		if (idev !== null) {
			idev.if_flags |= IF_READY;
			run_pending = true;
		}
	} else if (event === NETDEV_CHANGE) {
		if (!addrconf_link_ready(dev)) {
			rt6_sync_down_dev(dev, event);
			return;
		}

		if (idev !== null) {
			if ((idev.if_flags & IF_READY) !== 0) {
				/* We may be at another switch now. */
				ipv6_mc_up(idev);
				if (
					info instanceof netdev_notifier_change_info &&
					(info.flags_changed & IFF_NOARP) !== 0
				)
					addrconf_dad_run(idev, true);
				rt6_sync_up(dev, RTNH_F_LINKDOWN);
				return;
			}
			idev.if_flags |= IF_READY;
		}

		net.machine.printk(
			`IPv6: ADDRCONF(NETDEV_CHANGE): ${dev.name}: link becomes ready`,
		);

		run_pending = true;
	}

	if (dev.type === ARPHRD_LOOPBACK) init_loopback(dev);
	else addrconf_dev_config(dev);

	if (idev === null) return;
	if (run_pending) addrconf_dad_run(idev, false);

	rt6_sync_up(dev, RTNH_F_DEAD);

	if (idev.cnf.mtu6 !== dev.mtu && dev.mtu >= IPV6_MIN_MTU) {
		rt6_mtu_change(dev, dev.mtu);
		idev.cnf.mtu6 = dev.mtu;
	}
	idev.tstamp = net.machine.jiffies;
	inet6_ifinfo_notify(RTM_NEWLINK, idev);

	if (dev.mtu < IPV6_MIN_MTU) addrconf_ifdown(dev, dev !== net.loopback_dev);
}

/**
 * A device comes, goes or changes.
 * @returns NOTIFY_OK, or an errno when a new device cannot have IPv6
 * @kernel net/ipv6/addrconf.c:3474 (v5.10)
 */
function addrconf_notify(event: number, info: netdev_notifier_info): number {
	const dev = netdev_notifier_info_to_dev(info);
	const net = dev_net(dev);
	const idev = __in6_dev_get(dev);

	switch (event) {
		case NETDEV_REGISTER:
			if (idev === null && dev.mtu >= IPV6_MIN_MTU) {
				const made = ipv6_add_dev(dev);
				if (IS_ERR(made)) return notifier_from_errno(made);
			}
			break;

		case NETDEV_CHANGEMTU: {
			if (dev.mtu < IPV6_MIN_MTU) {
				addrconf_ifdown(dev, dev !== net.loopback_dev);
				break;
			}

			if (idev !== null) {
				rt6_mtu_change(dev, dev.mtu);
				idev.cnf.mtu6 = dev.mtu;
				break;
			}

			const made = ipv6_add_dev(dev);
			if (IS_ERR(made)) break;

			if ((made.if_flags & IF_READY) === 0) break;

			addrconf_notify_up(dev, made, event, info);
			break;
		}

		case NETDEV_UP:
		case NETDEV_CHANGE:
			addrconf_notify_up(dev, idev, event, info);
			break;

		case NETDEV_DOWN:
		case NETDEV_UNREGISTER:
			addrconf_ifdown(dev, event !== NETDEV_DOWN);
			break;

		case NETDEV_CHANGENAME:
			if (idev !== null) {
				snmp6_unregister_dev(idev);
				addrconf_sysctl_unregister(idev);
				const err = addrconf_sysctl_register(idev);
				if (err !== 0) return notifier_from_errno(err);
				snmp6_register_dev(idev);
			}
			break;

		case NETDEV_PRE_TYPE_CHANGE:
			if (idev !== null) ipv6_mc_unmap(idev);
			break;

		case NETDEV_POST_TYPE_CHANGE:
			if (idev !== null) ipv6_mc_remap(idev);
			break;

		case NETDEV_CHANGEUPPER:
			/* to or from a VRF */
			if (
				info instanceof netdev_notifier_changeupper_info &&
				netif_is_l3_master(info.upper_dev)
			)
				addrconf_ifdown(dev, false);
			break;

		default:
			break;
	}

	return NOTIFY_OK;
}

/**
 * Tells whether an address makes no sense beyond its link.
 * @kernel net/ipv6/addrconf.c:3686 (v5.10)
 */
function addr_is_local(addr: in6_addr): boolean {
	return (ipv6_addr_type(addr) & (IPV6_ADDR_LINKLOCAL | IPV6_ADDR_LOOPBACK)) !== 0;
}

/**
 * Ends IPv6 on a device that goes down, or for good.
 * @returns 0, or -ENODEV when there is none
 * @kernel net/ipv6/addrconf.c:3692 (v5.10)
 */
function addrconf_ifdown(dev: net_device, unregister: boolean): number {
	const net = dev_net(dev);
	const m = net.machine;
	let keep_addr = false;

	rt6_disable_ip(dev, unregister ? NETDEV_UNREGISTER : NETDEV_DOWN);

	const idev = __in6_dev_get(dev);
	if (idev === null) return -ENODEV;

	if (unregister) {
		idev.dead = 1;
		dev.ip6_ptr = null;

		snmp6_unregister_dev(idev);
	}

	if (!unregister && idev.cnf.disable_ipv6 === 0) {
		const _keep_addr =
			net.ipv6.devconf_all!.keep_addr_on_down || idev.cnf.keep_addr_on_down;
		keep_addr = _keep_addr > 0;
	}

	const keeps = (ifa: inet6_ifaddr): boolean =>
		keep_addr && (ifa.flags & IFA_F_PERMANENT) !== 0 && !addr_is_local(ifa.addr);

	for (const ifa of idev.addr_list) {
		addrconf_del_dad_work(ifa);
		if (!keeps(ifa)) ipv6_del_addr_hash(ifa);
	}

	addrconf_del_rs_timer(idev);

	if (!unregister) idev.if_flags &= ~(IF_RS_SENT | IF_RA_RCVD | IF_READY);

	for (const ifa of idev.addr_list.slice()) {
		const keep = keeps(ifa);
		let rt: fib6_info | null = null;
		let state: number;

		addrconf_del_dad_work(ifa);

		if (keep) {
			/* nobody is told below */
			state = INET6_IFADDR_STATE_DEAD;
			ifa.state = INET6_IFADDR_STATE_PREDAD;
			if ((ifa.flags & IFA_F_NODAD) === 0) ifa.flags |= IFA_F_TENTATIVE;

			rt = ifa.rt;
			ifa.rt = null;
		} else {
			state = ifa.state;
			ifa.state = INET6_IFADDR_STATE_DEAD;
		}

		if (rt !== null) ip6_del_rt(net, rt, false);

		if (state !== INET6_IFADDR_STATE_DEAD) {
			__ipv6_ifa_notify(RTM_DELADDR, ifa);
			inet6addr_notifier_call_chain(m, NETDEV_DOWN, ifa);
		} else {
			if (idev.cnf.forwarding !== 0) addrconf_leave_anycast(ifa);
			addrconf_leave_solict(idev, ifa.addr);
		}

		if (!keep) {
			const i = idev.addr_list.indexOf(ifa);
			if (i >= 0) {
				idev.addr_list.splice(i, 1);
				in6_ifa_put(ifa);
			}
		}
	}

	if (unregister) {
		ipv6_ac_destroy_dev(idev);
		ipv6_mc_destroy_dev(idev);
	} else {
		ipv6_mc_down(idev);
	}

	idev.tstamp = m.jiffies;

	if (unregister) {
		const tbl = nd_tbl.of(m);
		addrconf_sysctl_unregister(idev);
		neigh_parms_release(tbl, idev.nd_parms);
		neigh_ifdown(tbl, dev);
		in6_dev_put(idev);
	}
	return 0;
}

/**
 * No router answered yet: solicits once more.
 * @kernel net/ipv6/addrconf.c:3854 (v5.10)
 */
function addrconf_rs_timer(idev: inet6_dev): void {
	const dev = idev.dev;
	const { cnf } = idev;

	if (
		idev.dead === 0 &&
		(idev.if_flags & IF_READY) !== 0 &&
		ipv6_accept_ra(idev) &&
		(idev.if_flags & IF_RA_RCVD) === 0 &&
		(idev.rs_probes++ < cnf.rtr_solicits || cnf.rtr_solicits < 0)
	) {
		const lladdr: in6_addr = new Uint8Array(16);
		if (ipv6_get_lladdr(dev, lladdr, IFA_F_TENTATIVE) === 0) {
			ndisc_send_rs(dev, lladdr, in6addr_linklocal_allrouters);

			idev.rs_interval = rfc3315_s14_backoff_update(
				dev.machine,
				idev.rs_interval,
				cnf.rtr_solicit_max_interval,
			);
			addrconf_mod_rs_timer(
				idev,
				idev.rs_probes === cnf.rtr_solicits
					? cnf.rtr_solicit_delay
					: idev.rs_interval,
			);
		}
	}
	in6_dev_put(idev);
}

/**
 * Starts the probes of an address after a random delay.
 * @kernel net/ipv6/addrconf.c:3904 (v5.10)
 */
function addrconf_dad_kick(ifp: inet6_ifaddr): void {
	const idev = ifp.idev;
	const m = idev.dev.machine;

	const rand_num =
		(ifp.flags & IFA_F_OPTIMISTIC) !== 0
			? 0
			: prandom_u32(m) % (idev.cnf.rtr_solicit_delay || 1);

	ifp.dad_nonce.fill(0);
	if (idev.cnf.enhanced_dad !== 0 || dev_net(idev.dev).ipv6.devconf_all!.enhanced_dad !== 0)
		do get_random_bytes(m, ifp.dad_nonce);
		while (ifp.dad_nonce.every((b) => b === 0));
	ifp.dad_probes = idev.cnf.dad_transmits;
	addrconf_mod_dad_work(ifp, rand_num);
}

/**
 * First step of DAD: probes start, or the address is in use at once.
 * @kernel net/ipv6/addrconf.c:3927 (v5.10)
 */
function addrconf_dad_begin(ifp: inet6_ifaddr): void {
	const idev = ifp.idev;
	const dev = idev.dev;
	const net = dev_net(dev);

	addrconf_join_solict(dev, ifp.addr);

	if (ifp.state === INET6_IFADDR_STATE_DEAD) return;

	if (
		(dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0 ||
		(net.ipv6.devconf_all!.accept_dad < 1 && idev.cnf.accept_dad < 1) ||
		(ifp.flags & IFA_F_TENTATIVE) === 0 ||
		(ifp.flags & IFA_F_NODAD) !== 0
	) {
		addrconf_dad_success(ifp);
		return;
	}

	if ((idev.if_flags & IF_READY) === 0) {
		/* stays tentative if it is permanent, else goes */
		in6_ifa_hold(ifp);
		addrconf_dad_stop(ifp, false);
		return;
	}

	addrconf_dad_kick(ifp);
}

/**
 * Nobody else has the address.
 * @kernel PORT: shared by addrconf_dad_begin() and addrconf_dad_work()
 */
function addrconf_dad_success(ifp: inet6_ifaddr): void {
	const send_na = (ifp.flags & IFA_F_TENTATIVE) !== 0 && (ifp.flags & IFA_F_OPTIMISTIC) === 0;
	const bump_id = (ifp.flags & IFA_F_TENTATIVE) !== 0;
	ifp.flags &= ~(IFA_F_TENTATIVE | IFA_F_OPTIMISTIC | IFA_F_DADFAILED);

	addrconf_dad_completed(ifp, bump_id, send_na);
}

/**
 * Starts DAD.
 * @kernel net/ipv6/addrconf.c:3998 (v5.10)
 */
function addrconf_dad_start(ifp: inet6_ifaddr): void {
	if (ifp.state === INET6_IFADDR_STATE_DEAD) return;
	ifp.state = INET6_IFADDR_STATE_PREDAD;
	addrconf_mod_dad_work(ifp, 0);
}

/**
 * DAD failed: when it was for the address made from the MAC address, IPv6 may have to be switched off.
 * @returns true when it was
 * @kernel PORT: a block of addrconf_dad_work
 */
function addrconf_dad_disable(ifp: inet6_ifaddr): boolean {
	const idev = ifp.idev;
	const m = idev.dev.machine;

	if (
		(dev_net(idev.dev).ipv6.devconf_all!.accept_dad <= 1 && idev.cnf.accept_dad <= 1) ||
		idev.cnf.disable_ipv6 !== 0 ||
		(ifp.flags & IFA_F_STABLE_PRIVACY) !== 0
	)
		return false;

	const addr: in6_addr = new Uint8Array(16);
	ipv6_addr_set(addr, 0xfe800000, 0, 0, 0);
	if (ipv6_generate_eui64(addr, 8, idev.dev) !== 0 || !ipv6_addr_equal(ifp.addr, addr))
		return false;

	idev.cnf.disable_ipv6 = 1;
	m.printk(`IPv6: ${idev.dev.name}: IPv6 being disabled!`);
	return true;
}

/**
 * One step of DAD.
 * @kernel net/ipv6/addrconf.c:4013 (v5.10)
 */
function addrconf_dad_work(ifp: inet6_ifaddr): void {
	addrconf_dad_step(ifp);
	in6_ifa_put(ifp);
}

/**
 * One step of DAD.
 * @kernel PORT: addrconf_dad_work but for its reference
 */
function addrconf_dad_step(ifp: inet6_ifaddr): void {
	const idev = ifp.idev;

	if (ifp.state === INET6_IFADDR_STATE_PREDAD) {
		ifp.state = INET6_IFADDR_STATE_DAD;
		addrconf_dad_begin(ifp);
		return;
	}
	if (ifp.state === INET6_IFADDR_STATE_ERRDAD) {
		ifp.state = INET6_IFADDR_STATE_POSTDAD;
		const disable_ipv6 = addrconf_dad_disable(ifp);
		in6_ifa_hold(ifp);
		addrconf_dad_stop(ifp, true);
		if (disable_ipv6) addrconf_ifdown(idev.dev, false);
		return;
	}

	if (ifp.dad_probes === 0 && addrconf_dad_end(ifp) !== 0) return;

	if (idev.dead !== 0 || (idev.if_flags & IF_READY) === 0) return;
	if (ifp.state === INET6_IFADDR_STATE_DEAD) return;

	if (ifp.dad_probes === 0) {
		addrconf_dad_success(ifp);
		return;
	}

	ifp.dad_probes--;
	addrconf_mod_dad_work(
		ifp,
		Math.max(NEIGH_VAR(idev.nd_parms!, NEIGH_VAR_RETRANS_TIME), HZ / 100),
	);

	const mcaddr: in6_addr = new Uint8Array(16);
	addrconf_addr_solict_mult(ifp.addr, mcaddr);
	ndisc_send_ns(idev.dev, ifp.addr, mcaddr, in6addr_any, ifp.dad_nonce);
}

/**
 * Tells whether a device has no other link-local address in use.
 * @kernel net/ipv6/addrconf.c:4124 (v5.10)
 */
function ipv6_lonely_lladdr(ifp: inet6_ifaddr): boolean {
	const list = ifp.idev.addr_list;
	for (let i = list.length - 1; i >= 0; i--) {
		const it = list[i];
		if (it.scope > IFA_LINK) break;
		if (
			ifp !== it &&
			it.scope === IFA_LINK &&
			(it.flags &
				(IFA_F_PERMANENT |
					IFA_F_TENTATIVE |
					IFA_F_OPTIMISTIC |
					IFA_F_DADFAILED)) ===
				IFA_F_PERMANENT
		)
			return false;
	}
	return true;
}

/**
 * An address is in use from now on. With the first link-local one, listener reports and router
 * solicitations can go out.
 * @param bump_id makes cached routes stale
 * @param send_na announces it, if the settings allow that
 * @kernel net/ipv6/addrconf.c:4141 (v5.10)
 */
function addrconf_dad_completed(ifp: inet6_ifaddr, bump_id: boolean, send_na: boolean): void {
	const idev = ifp.idev;
	const dev = idev.dev;
	const net = dev_net(dev);

	addrconf_del_dad_work(ifp);

	ipv6_ifa_notify(RTM_NEWADDR, ifp);

	const send_mld = ifp.scope === IFA_LINK && ipv6_lonely_lladdr(ifp);
	const send_rs =
		send_mld &&
		ipv6_accept_ra(idev) &&
		idev.cnf.rtr_solicits !== 0 &&
		(dev.flags & IFF_LOOPBACK) === 0;

	/* Until now reports had :: as their source. */
	if (send_mld) ipv6_mc_dad_complete(idev);

	if (send_na && (idev.cnf.ndisc_notify !== 0 || net.ipv6.devconf_all!.ndisc_notify !== 0))
		ndisc_send_na(
			dev,
			in6addr_linklocal_allnodes,
			ifp.addr,
			idev.cnf.forwarding !== 0,
			false,
			true,
			true,
		);

	if (send_rs) {
		const lladdr: in6_addr = new Uint8Array(16);
		if (ipv6_get_lladdr(dev, lladdr, IFA_F_TENTATIVE) !== 0) return;
		ndisc_send_rs(dev, lladdr, in6addr_linklocal_allrouters);

		idev.rs_interval = rfc3315_s14_backoff_init(
			dev.machine,
			idev.cnf.rtr_solicit_interval,
		);
		idev.rs_probes = 1;
		idev.if_flags |= IF_RS_SENT;
		addrconf_mod_rs_timer(idev, idev.rs_interval);
	}

	if (bump_id) rt_genid_bump_ipv6(net);
}

/**
 * Starts the probes of addresses whose DAD is on.
 * @param restart those of all addresses
 * @kernel net/ipv6/addrconf.c:4215 (v5.10)
 */
function addrconf_dad_run(idev: inet6_dev, restart: boolean): void {
	for (const ifp of idev.addr_list) {
		if (
			((ifp.flags & IFA_F_TENTATIVE) !== 0 &&
				ifp.state === INET6_IFADDR_STATE_DAD) ||
			restart
		) {
			if (restart) ifp.state = INET6_IFADDR_STATE_PREDAD;
			addrconf_dad_kick(ifp);
		}
	}
}

/**
 * Next full second at or after a time.
 * @param j jiffies
 * @kernel PORT: kernel/time/timer.c round_jiffies_up on CPU 0
 */
function round_jiffies_up(j: number): number {
	return Math.ceil(j / HZ) * HZ;
}

/**
 * Ends an address whose time is over, or marks it when its preferred time is.
 * @param now jiffies
 * @param next when the next check is due, jiffies
 * @returns when it is due afterwards
 * @kernel PORT: the body of addrconf_verify_rtnl's loop
 */
function addrconf_verify_one(ifp: inet6_ifaddr, now: number, next: number): number {
	if ((ifp.flags & IFA_F_PERMANENT) !== 0 && ifp.prefered_lft === INFINITY_LIFE_TIME)
		return next;

	const age = Math.floor((now - ifp.tstamp + ADDRCONF_TIMER_FUZZ_MINUS) / HZ);

	if (ifp.valid_lft !== INFINITY_LIFE_TIME && age >= ifp.valid_lft) {
		in6_ifa_hold(ifp);
		ipv6_del_addr(ifp);
		return next;
	}
	if (ifp.prefered_lft === INFINITY_LIFE_TIME) return next;

	if (age >= ifp.prefered_lft) {
		if (ifp.valid_lft !== INFINITY_LIFE_TIME) {
			const end = ifp.tstamp + ifp.valid_lft * HZ;
			if (time_before(end, next)) next = end;
		}
		if ((ifp.flags & IFA_F_DEPRECATED) === 0) {
			ifp.flags |= IFA_F_DEPRECATED;
			in6_ifa_hold(ifp);
			ipv6_ifa_notify(0, ifp);
			in6_ifa_put(ifp);
		}
		return next;
	}

	const end = ifp.tstamp + ifp.prefered_lft * HZ;
	return time_before(end, next) ? end : next;
}

/**
 * Looks at the life times of all addresses, and comes back when the next one ends.
 * @kernel net/ipv6/addrconf.c:4450 (v5.10)
 */
function addrconf_verify_rtnl(m: Machine): void {
	const state = addrconf_state.of(m);
	const now = m.jiffies;
	let next = round_jiffies_up(now + ADDR_CHECK_FREQUENCY);

	cancel_delayed_work_sync(state.addr_chk_work);

	for (const bucket of state.inet6_addr_lst) {
		if (bucket.length === 0) continue;
		for (const ifp of bucket.slice())
			if (ifp.addr_lst_hashed) next = addrconf_verify_one(ifp, now, next);
	}

	const next_sec = round_jiffies_up(next);
	let next_sched = next;

	if (time_before(next_sec, next + ADDRCONF_TIMER_FUZZ)) next_sched = next_sec;

	if (time_before(next_sched, now + ADDRCONF_TIMER_FUZZ_MAX))
		next_sched = now + ADDRCONF_TIMER_FUZZ_MAX;

	mod_delayed_work(state.addr_chk_work, next_sched - now);
}

/**
 * Has the life times looked at soon.
 * @kernel net/ipv6/addrconf.c:4574 (v5.10)
 */
function addrconf_verify(m: Machine): void {
	mod_delayed_work(addrconf_state.of(m).addr_chk_work, 0);
}

/**
 * Makes all cached routes stale.
 * @kernel PORT: include/net/net_namespace.h:454 rt_genid_bump_ipv6, include/ does not import net/
 */
function rt_genid_bump_ipv6(net: net): void {
	fib6_flush_trees(net);
}

/**
 * Reads an IPv6 address.
 * @returns null when it is absent or not 16 bytes
 * @kernel include/net/netlink.h:1721 (v5.10)
 */
function nla_get_in6_addr(tb: nlattrs, attrtype: number): in6_addr | null {
	const v = nla_data(tb, attrtype);
	return v !== null && v.length === 16 ? v : null;
}

/** Address and peer of a request. */
interface extracted_addr {
	pfx: in6_addr;
	peer_pfx: in6_addr | null;
}

/**
 * Takes address and peer from IFA_ADDRESS and IFA_LOCAL.
 * @returns null when there is none, or what is there is not an address
 * @kernel net/ipv6/addrconf.c:4579 (v5.10)
 */
function extract_addr(tb: nlattrs): extracted_addr | null {
	const addr = nla_get_in6_addr(tb, IFA_ADDRESS);
	const local = nla_get_in6_addr(tb, IFA_LOCAL);

	if ((tb.has(IFA_ADDRESS) && addr === null) || (tb.has(IFA_LOCAL) && local === null))
		return null;
	if (local !== null)
		return {
			pfx: local,
			peer_pfx: addr !== null && !ipv6_addr_equal(local, addr) ? addr : null,
		};
	return addr !== null ? { pfx: addr, peer_pfx: null } : null;
}

/**
 * RTM_DELADDR.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/addrconf.c:4608 (v5.10)
 */
function inet6_rtm_deladdr(net: net, nlh: nlmsg): number {
	const ifm = nlh as ifaddrmsg_msg;
	const ex = extract_addr(ifm.tb);
	if (ex === null) return -EINVAL;

	return inet6_addr_del(net, ifm.ifa_index, ex.pfx, ifm.ifa_prefixlen);
}

/**
 * Changes metric and end of the prefix route of an address.
 * PORT: `expires` is what C passes, a span in clock ticks that it takes for a time in jiffies.
 * @param flags RTF_*
 * @param modify_peer that of the peer's prefix
 * @returns 0 or -ENOENT
 * @kernel net/ipv6/addrconf.c:4637 (v5.10)
 */
function modify_prefix_route(
	ifp: inet6_ifaddr,
	expires: number,
	flags: number,
	modify_peer: boolean,
): number {
	const pfx = modify_peer ? ifp.peer_addr : ifp.addr;
	const dev = ifp.idev.dev;

	const f6i = addrconf_get_prefix_route(pfx, ifp.prefix_len, dev, 0, RTF_DEFAULT, true);
	if (f6i === null) return -ENOENT;

	const prio = ifp.rt_priority || IP6_RT_PRIO_ADDRCONF;
	if (f6i.fib6_metric !== prio) {
		ip6_del_rt(dev_net(dev), f6i, false);
		addrconf_prefix_route(pfx, ifp.prefix_len, ifp.rt_priority, dev, expires, flags);
	} else {
		if (expires === 0) fib6_clean_expires(f6i);
		else fib6_set_expires(f6i, expires);

		fib6_info_release(f6i);
	}

	return 0;
}

/**
 * Changes an address by request.
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/addrconf.c:4672 (v5.10)
 */
function inet6_addr_modify(ifp: inet6_ifaddr, cfg: ifa6_config): number {
	const dev = ifp.idev.dev;
	const m = dev.machine;
	let new_peer = false;

	if (cfg.valid_lft === 0 || cfg.preferred_lft > cfg.valid_lft) return -EINVAL;

	if ((cfg.ifa_flags & IFA_F_MANAGETEMPADDR) !== 0 && ifp.prefix_len !== 64) return -EINVAL;

	const { expires, flags } = inet6_cfg_lifetime(cfg);

	if (cfg.peer_pfx !== null && !ipv6_addr_equal(ifp.peer_addr, cfg.peer_pfx)) {
		if (!ipv6_addr_any(ifp.peer_addr)) cleanup_prefix_route(ifp, expires, true, true);
		new_peer = true;
	}

	const had_prefixroute =
		(ifp.flags & IFA_F_PERMANENT) !== 0 && (ifp.flags & IFA_F_NOPREFIXROUTE) === 0;
	ifp.flags &= ~(
		IFA_F_DEPRECATED |
		IFA_F_PERMANENT |
		IFA_F_NODAD |
		IFA_F_HOMEADDRESS |
		IFA_F_MANAGETEMPADDR |
		IFA_F_NOPREFIXROUTE
	);
	ifp.flags |= cfg.ifa_flags;
	ifp.tstamp = m.jiffies;
	ifp.valid_lft = cfg.valid_lft;
	ifp.prefered_lft = cfg.preferred_lft;

	if (cfg.rt_priority !== 0 && cfg.rt_priority !== ifp.rt_priority)
		ifp.rt_priority = cfg.rt_priority;

	if (new_peer) ifp.peer_addr.set(cfg.peer_pfx!);

	if ((ifp.flags & IFA_F_TENTATIVE) === 0) ipv6_ifa_notify(0, ifp);

	if ((cfg.ifa_flags & IFA_F_NOPREFIXROUTE) === 0) {
		let rc = -ENOENT;

		if (had_prefixroute) rc = modify_prefix_route(ifp, expires, flags, false);

		if (rc === -ENOENT)
			addrconf_prefix_route(
				ifp.addr,
				ifp.prefix_len,
				ifp.rt_priority,
				dev,
				expires,
				flags,
			);

		const peer = !ipv6_addr_any(ifp.peer_addr);
		if (had_prefixroute && peer) rc = modify_prefix_route(ifp, expires, flags, true);

		if (rc === -ENOENT && peer)
			addrconf_prefix_route(
				ifp.peer_addr,
				ifp.prefix_len,
				ifp.rt_priority,
				dev,
				expires,
				flags,
			);
	} else if (had_prefixroute) {
		const clean = check_cleanup_prefix_route(ifp);
		if (clean.action !== CLEANUP_PREFIX_RT_NOP)
			cleanup_prefix_route(
				ifp,
				clean.expires,
				clean.action === CLEANUP_PREFIX_RT_DEL,
				false,
			);
	}

	addrconf_verify_rtnl(m);

	return 0;
}

/**
 * RTM_NEWADDR.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/addrconf.c:4792 (v5.10)
 */
function inet6_rtm_newaddr(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	const ifm = nlh as ifaddrmsg_msg;
	const tb = ifm.tb;

	const ex = extract_addr(tb);
	if (ex === null) return -EINVAL;

	const cfg = new ifa6_config(ex.pfx);
	cfg.peer_pfx = ex.peer_pfx;
	cfg.plen = ifm.ifa_prefixlen;
	cfg.rt_priority = nla_get_u32(tb, IFA_RT_PRIORITY) ?? 0;
	cfg.valid_lft = INFINITY_LIFE_TIME;
	cfg.preferred_lft = INFINITY_LIFE_TIME;

	const ci = nla_parse_nested(tb, IFA_CACHEINFO);
	if (ci !== null) {
		cfg.valid_lft = nla_get_u32(ci, IFA_CACHEINFO_valid) ?? 0;
		cfg.preferred_lft = nla_get_u32(ci, IFA_CACHEINFO_prefered) ?? 0;
	}

	const dev = __dev_get_by_index(net, ifm.ifa_index);
	if (dev === null) return -ENODEV;

	cfg.ifa_flags = nla_get_u32(tb, IFA_FLAGS) ?? ifm.ifa_flags;
	cfg.ifa_flags &=
		IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE;

	const idev = ipv6_find_idev(dev);
	if (IS_ERR(idev)) return idev;

	const ifa = ipv6_get_ifaddr(net, cfg.pfx, dev, 1);
	if (ifa === null) return inet6_addr_add(net, ifm.ifa_index, cfg, extack);

	const err =
		(nlh.flags & NLM_F_EXCL) !== 0 || (nlh.flags & NLM_F_REPLACE) === 0
			? -EEXIST
			: inet6_addr_modify(ifa, cfg);

	in6_ifa_put(ifa);

	return err;
}

/**
 * Scope of an address, as messages have it.
 * @param ifa_scope IFA_*
 * @returns RT_SCOPE_*
 * @kernel net/ipv6/addrconf.c:4906 (v5.10)
 */
function rt_scope(ifa_scope: number): number {
	if ((ifa_scope & IFA_HOST) !== 0) return RT_SCOPE_HOST;
	if ((ifa_scope & IFA_LINK) !== 0) return RT_SCOPE_LINK;
	if ((ifa_scope & IFA_SITE) !== 0) return RT_SCOPE_SITE;
	return RT_SCOPE_UNIVERSE;
}

/**
 * Describes an address in a message.
 * @param event RTM_NEWADDR or RTM_DELADDR
 * @param flags NLM_F_*
 * @param netnsid id of its namespace when the asker named one, else -1
 * @kernel net/ipv6/addrconf.c:4944 (v5.10)
 */
function inet6_fill_ifaddr(
	ifa: inet6_ifaddr,
	event: number,
	flags: number,
	netnsid: number,
): ifaddrmsg_msg {
	const dev = ifa.idev.dev;
	const ifm = new ifaddrmsg_msg(event, flags);
	const tb = ifm.tb;
	ifm.ifa_family = AF_INET6;
	ifm.ifa_prefixlen = ifa.prefix_len;
	ifm.ifa_flags = ifa.flags & 0xff;
	ifm.ifa_scope = rt_scope(ifa.scope);
	ifm.ifa_index = dev.ifindex;

	if (netnsid >= 0) nla_put_s32(tb, IFA_TARGET_NETNSID, netnsid);

	let preferred = INFINITY_LIFE_TIME;
	let valid = INFINITY_LIFE_TIME;
	if ((ifa.flags & IFA_F_PERMANENT) === 0 || ifa.prefered_lft !== INFINITY_LIFE_TIME) {
		preferred = ifa.prefered_lft;
		valid = ifa.valid_lft;
		if (preferred !== INFINITY_LIFE_TIME) {
			const tval = Math.floor((dev.machine.jiffies - ifa.tstamp) / HZ);
			preferred = preferred > tval ? preferred - tval : 0;
			if (valid !== INFINITY_LIFE_TIME) valid = valid > tval ? valid - tval : 0;
		}
	}

	if (!ipv6_addr_any(ifa.peer_addr)) {
		nla_put(tb, IFA_LOCAL, ifa.addr.slice());
		nla_put(tb, IFA_ADDRESS, ifa.peer_addr.slice());
	} else {
		nla_put(tb, IFA_ADDRESS, ifa.addr.slice());
	}

	if (ifa.rt_priority !== 0) nla_put_u32(tb, IFA_RT_PRIORITY, ifa.rt_priority);

	/* PORT: put_cacheinfo() */
	const ci = nla_nest_start(tb, IFA_CACHEINFO);
	ci.set(IFA_CACHEINFO_cstamp, cstamp_delta(ifa.cstamp));
	ci.set(IFA_CACHEINFO_tstamp, cstamp_delta(ifa.tstamp));
	ci.set(IFA_CACHEINFO_prefered, preferred);
	ci.set(IFA_CACHEINFO_valid, valid);

	nla_put_u32(tb, IFA_FLAGS, ifa.flags);
	return ifm;
}

/**
 * Dumps the addresses of a device.
 * @kernel net/ipv6/addrconf.c:5078 (v5.10)
 */
function in6_dump_addrs(idev: inet6_dev, out: nlmsg[], flags: number, netnsid: number): void {
	for (const ifa of idev.addr_list)
		out.push(inet6_fill_ifaddr(ifa, RTM_NEWADDR, flags, netnsid));
}

/**
 * Devices in the order of dumps.
 * @kernel PORT: walk of dev_index_head
 */
function devices_by_index(net: net): net_device[] {
	return net.dev_base_head.slice().sort((a, b) => a.ifindex - b.ifindex);
}

/**
 * RTM_GETADDR with NLM_F_DUMP.
 * @returns 0, -EINVAL, -ENODEV
 * @kernel net/ipv6/addrconf.c:5275 (v5.10)
 */
function inet6_dump_ifaddr(
	net: net,
	nlh: nlmsg,
	out: nlmsg[],
	extack: netlink_ext_ack | null,
): number {
	let flags = NLM_F_MULTI;
	let tgt_net = net;
	let netnsid = -1;

	/* PORT: inet6_valid_dump_ifaddr_req() */
	if (!(nlh instanceof ifaddrmsg_msg)) {
		NL_SET_ERR_MSG(extack, 'ipv6: Invalid header for address dump request');
		return -EINVAL;
	}
	if (nlh.ifa_prefixlen !== 0 || nlh.ifa_flags !== 0 || nlh.ifa_scope !== 0) {
		NL_SET_ERR_MSG(extack, 'ipv6: Invalid values in header for address dump request');
		return -EINVAL;
	}
	if (nlh.ifa_index !== 0) flags |= NLM_F_DUMP_FILTERED;
	for (const i of nlh.tb.keys()) {
		if (i !== IFA_TARGET_NETNSID) {
			NL_SET_ERR_MSG(extack, 'ipv6: Unsupported attribute in dump request');
			return -EINVAL;
		}
		netnsid = nla_get_s32(nlh.tb, i) ?? -1;
		const n = rtnl_get_net_ns_capable(net, netnsid);
		if (IS_ERR(n)) {
			NL_SET_ERR_MSG(extack, 'ipv6: Invalid target network namespace id');
			return n;
		}
		tgt_net = n;
	}

	if (nlh.ifa_index !== 0) {
		const dev = __dev_get_by_index(tgt_net, nlh.ifa_index);
		if (dev === null) return -ENODEV;
		const idev = __in6_dev_get(dev);
		if (idev !== null) in6_dump_addrs(idev, out, flags, netnsid);
		return 0;
	}

	for (const dev of devices_by_index(tgt_net)) {
		const idev = __in6_dev_get(dev);
		if (idev !== null) in6_dump_addrs(idev, out, flags, netnsid);
	}
	return 0;
}

/**
 * RTM_GETADDR of one address.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/addrconf.c:5343 (v5.10)
 */
function inet6_rtm_getaddr(
	net: net,
	nlh: nlmsg,
	_extack: netlink_ext_ack | null,
	reply: nlmsg[],
): number {
	const ifm = nlh as ifaddrmsg_msg;
	let tgt_net = net;
	let netnsid = -1;

	if (ifm.tb.has(IFA_TARGET_NETNSID)) {
		netnsid = nla_get_s32(ifm.tb, IFA_TARGET_NETNSID) ?? -1;
		const n = rtnl_get_net_ns_capable(net, netnsid);
		if (IS_ERR(n)) return n;
		tgt_net = n;
	}

	const ex = extract_addr(ifm.tb);
	if (ex === null) return -EINVAL;

	const dev = ifm.ifa_index !== 0 ? __dev_get_by_index(tgt_net, ifm.ifa_index) : null;

	const ifa = ipv6_get_ifaddr(tgt_net, ex.pfx, dev, 1);
	if (ifa === null) return -EADDRNOTAVAIL;

	reply.push(inet6_fill_ifaddr(ifa, RTM_NEWADDR, 0, netnsid));
	in6_ifa_put(ifa);
	return 0;
}

/**
 * Tells netlink listeners about an address.
 * @param event RTM_NEWADDR or RTM_DELADDR
 * @kernel net/ipv6/addrconf.c:5415 (v5.10)
 */
function inet6_ifa_notify(event: number, ifa: inet6_ifaddr): void {
	const net = dev_net(ifa.idev.dev);
	if (!rtnl_has_listeners(net, RTNLGRP_IPV6_IFADDR)) return;
	rtnl_notify(net, RTNLGRP_IPV6_IFADDR, inet6_fill_ifaddr(ifa, event, 0, -1));
}

/**
 * Writes settings into a nest by DEVCONF_*.
 * @kernel net/ipv6/addrconf.c:5446 (v5.10)
 */
function ipv6_store_devconf(cnf: ipv6_devconf, array: nlattrs): void {
	for (let i = 0; i < DEVCONF_MAX; i++) nla_put_s32(array, i, 0);
	for (const v of addrconf_vars)
		if (v.devconf >= 0)
			nla_put_s32(
				array,
				v.devconf,
				v.kind === VAR_JIFFIES || v.kind === VAR_MS
					? jiffies_to_msecs(cnf[v.key])
					: cnf[v.key],
			);
}

/* positions in struct ifla_cacheinfo */
const IFLA_CACHEINFO_max_reasm_len = 0;
const IFLA_CACHEINFO_tstamp = 1;
const IFLA_CACHEINFO_reachable_time = 2;
const IFLA_CACHEINFO_retrans_time = 3;

/**
 * Writes ICMPv6 counts of a device by ICMP6_MIB_*; their number is at 0.
 * @kernel net/ipv6/addrconf.c:5545 (v5.10)
 */
function __snmp6_fill_statsdev(stats: nlattrs, mib: Float64Array): void {
	stats.set(0, ICMP6_MIB_MAX);
	for (let i = 1; i < ICMP6_MIB_MAX; i++) stats.set(i, mib[i]);
}

/**
 * Writes IPv6 counts of a device by IPSTATS_MIB_*; their number is at 0.
 * @kernel net/ipv6/addrconf.c:5560 (v5.10)
 */
function __snmp6_fill_stats64(stats: nlattrs, mib: Float64Array): void {
	stats.set(0, IPSTATS_MIB_MAX);
	for (let i = 1; i < IPSTATS_MIB_MAX; i++) stats.set(i, mib[i]);
}

/**
 * Writes counts of a device into a nest.
 * @param attrtype IFLA_INET6_STATS or IFLA_INET6_ICMP6STATS
 * @kernel net/ipv6/addrconf.c:5581 (v5.10)
 */
function snmp6_fill_stats(stats: nlattrs, idev: inet6_dev, attrtype: number): void {
	switch (attrtype) {
		case IFLA_INET6_STATS:
			__snmp6_fill_stats64(stats, idev.stats.ipv6);
			break;
		case IFLA_INET6_ICMP6STATS:
			__snmp6_fill_statsdev(stats, idev.stats.icmpv6dev);
			break;
	}
}

/**
 * Adds IPv6's part of a link: IFLA_INET6_*.
 * @param ext_filter_mask RTEXT_FILTER_*
 * @kernel net/ipv6/addrconf.c:5595 (v5.10)
 */
function inet6_fill_ifla6_attrs(tb: nlattrs, idev: inet6_dev, ext_filter_mask: number): void {
	const parms = idev.nd_parms!;
	nla_put_u32(tb, IFLA_INET6_FLAGS, idev.if_flags >>> 0);
	const ci = nla_nest_start(tb, IFLA_INET6_CACHEINFO);
	ci.set(IFLA_CACHEINFO_max_reasm_len, IPV6_MAXPLEN);
	ci.set(IFLA_CACHEINFO_tstamp, cstamp_delta(idev.tstamp));
	ci.set(IFLA_CACHEINFO_reachable_time, jiffies_to_msecs(parms.reachable_time));
	ci.set(
		IFLA_CACHEINFO_retrans_time,
		jiffies_to_msecs(NEIGH_VAR(parms, NEIGH_VAR_RETRANS_TIME)),
	);
	ipv6_store_devconf(idev.cnf, nla_nest_start(tb, IFLA_INET6_CONF));

	if ((ext_filter_mask & RTEXT_FILTER_SKIP_STATS) !== 0) return;

	snmp6_fill_stats(nla_nest_start(tb, IFLA_INET6_STATS), idev, IFLA_INET6_STATS);

	snmp6_fill_stats(nla_nest_start(tb, IFLA_INET6_ICMP6STATS), idev, IFLA_INET6_ICMP6STATS);

	nla_put(tb, IFLA_INET6_TOKEN, idev.token.slice());
	nla_put_u8(tb, IFLA_INET6_ADDR_GEN_MODE, idev.cnf.addr_gen_mode);
}

/**
 * IPv6's part of a link, null when it has none.
 * @param ext_filter_mask RTEXT_FILTER_*
 * @kernel net/ipv6/addrconf.c:5654 (v5.10)
 */
function inet6_fill_link_af(dev: net_device, ext_filter_mask: number): nlattrs | null {
	const idev = __in6_dev_get(dev);
	if (idev === null) return null;
	const af: nlattrs = new Map();
	inet6_fill_ifla6_attrs(af, idev, ext_filter_mask);
	return af;
}

/**
 * Sets the identifier that addresses of announced prefixes get.
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/addrconf.c:5668 (v5.10)
 */
function inet6_set_iftoken(idev: inet6_dev, token: in6_addr): number {
	const dev = idev.dev;
	const m = dev.machine;
	const ll_addr: in6_addr = new Uint8Array(16);

	if ((dev.flags & (IFF_LOOPBACK | IFF_NOARP)) !== 0) return -EINVAL;
	if (!ipv6_accept_ra(idev)) return -EINVAL;
	if (idev.cnf.rtr_solicits === 0) return -EINVAL;

	idev.token.set(token.subarray(8, 16), 8);

	if (
		!ipv6_addr_any(token) &&
		idev.dead === 0 &&
		(idev.if_flags & IF_READY) !== 0 &&
		ipv6_get_lladdr(dev, ll_addr, IFA_F_TENTATIVE | IFA_F_OPTIMISTIC) === 0
	) {
		ndisc_send_rs(dev, ll_addr, in6addr_linklocal_allrouters);

		idev.if_flags |= IF_RS_SENT;
		idev.rs_interval = rfc3315_s14_backoff_init(m, idev.cnf.rtr_solicit_interval);
		idev.rs_probes = 1;
		addrconf_mod_rs_timer(idev, idev.rs_interval);
	}

	for (const ifp of idev.addr_list)
		if (ifp.tokenized) {
			ifp.valid_lft = 0;
			ifp.prefered_lft = 0;
		}

	inet6_ifinfo_notify(RTM_NEWLINK, idev);
	addrconf_verify_rtnl(m);
	return 0;
}

/**
 * Tells whether a mode of making addresses exists.
 * @kernel net/ipv6/addrconf.c:5739 (v5.10)
 */
function check_addr_gen_mode(mode: number): boolean {
	return (
		mode === IN6_ADDR_GEN_MODE_EUI64 ||
		mode === IN6_ADDR_GEN_MODE_NONE ||
		mode === IN6_ADDR_GEN_MODE_STABLE_PRIVACY ||
		mode === IN6_ADDR_GEN_MODE_RANDOM
	);
}

/**
 * Tells whether there is the secret that a mode needs.
 * @kernel net/ipv6/addrconf.c:5749 (v5.10)
 */
function check_stable_privacy(idev: inet6_dev, net: net, mode: number): boolean {
	return (
		mode !== IN6_ADDR_GEN_MODE_STABLE_PRIVACY ||
		idev.cnf.stable_secret.initialized ||
		net.ipv6.devconf_dflt!.stable_secret.initialized
	);
}

/**
 * Checks settings in a link request.
 * @returns 0, -EAFNOSUPPORT, -EINVAL
 * @kernel net/ipv6/addrconf.c:5759 (v5.10)
 */
function inet6_validate_link_af(dev: net_device | null, attr: nlattrs): number {
	const idev = dev !== null ? __in6_dev_get(dev) : null;
	if (dev !== null && idev === null) return -EAFNOSUPPORT;

	if (!attr.has(IFLA_INET6_TOKEN) && !attr.has(IFLA_INET6_ADDR_GEN_MODE)) return -EINVAL;

	if (attr.has(IFLA_INET6_TOKEN) && nla_get_in6_addr(attr, IFLA_INET6_TOKEN) === null)
		return -EINVAL;

	if (attr.has(IFLA_INET6_ADDR_GEN_MODE)) {
		const mode = nla_get_u8(attr, IFLA_INET6_ADDR_GEN_MODE);
		if (mode === null || !check_addr_gen_mode(mode)) return -EINVAL;
		if (idev !== null && !check_stable_privacy(idev, dev_net(idev.dev), mode))
			return -EINVAL;
	}

	return 0;
}

/**
 * Sets settings by a link request.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/addrconf.c:5792 (v5.10)
 */
function inet6_set_link_af(dev: net_device, attr: nlattrs): number {
	const idev = __in6_dev_get(dev);
	if (idev === null) return -EAFNOSUPPORT;

	const token = nla_get_in6_addr(attr, IFLA_INET6_TOKEN);
	if (token !== null) {
		const err = inet6_set_iftoken(idev, token);
		if (err !== 0) return err;
	}

	const mode = nla_get_u8(attr, IFLA_INET6_ADDR_GEN_MODE);
	if (mode !== null) idev.cnf.addr_gen_mode = mode;

	return 0;
}

/**
 * Describes IPv6 on a link.
 * @param flags NLM_F_*
 * @kernel net/ipv6/addrconf.c:5819 (v5.10)
 */
function inet6_fill_ifinfo(idev: inet6_dev, event: number, flags: number): ifinfomsg_msg {
	const dev = idev.dev;
	const hdr = new ifinfomsg_msg(event, flags);
	const tb = hdr.tb;
	hdr.ifi_family = AF_INET6;
	hdr.ifi_type = dev.type;
	hdr.ifi_index = dev.ifindex;
	hdr.ifi_flags = dev_get_flags(dev);

	nla_put_string(tb, IFLA_IFNAME, dev.name);
	if (dev.addr_len !== 0) nla_put(tb, IFLA_ADDRESS, dev.dev_addr.slice(0, dev.addr_len));
	nla_put_u32(tb, IFLA_MTU, dev.mtu);
	const iflink = dev_get_iflink(dev);
	if (dev.ifindex !== iflink) nla_put_u32(tb, IFLA_LINK, iflink);
	nla_put_u8(tb, IFLA_OPERSTATE, netif_running(dev) ? dev.operstate : IF_OPER_DOWN);

	inet6_fill_ifla6_attrs(nla_nest_start(tb, IFLA_PROTINFO), idev, 0);
	return hdr;
}

/**
 * RTM_GETLINK of AF_INET6 with NLM_F_DUMP.
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/addrconf.c:5889 (v5.10)
 */
function inet6_dump_ifinfo(
	net: net,
	nlh: nlmsg,
	out: nlmsg[],
	extack: netlink_ext_ack | null,
): number {
	if (!(nlh instanceof ifinfomsg_msg)) {
		NL_SET_ERR_MSG(extack, 'ipv6: Invalid header for link dump request');
		return -EINVAL;
	}

	for (const dev of devices_by_index(net)) {
		const idev = __in6_dev_get(dev);
		if (idev !== null) out.push(inet6_fill_ifinfo(idev, RTM_NEWLINK, NLM_F_MULTI));
	}
	return 0;
}

/**
 * Tells netlink listeners about IPv6 on a link.
 * @kernel net/ipv6/addrconf.c:5938 (v5.10)
 */
export function inet6_ifinfo_notify(event: number, idev: inet6_dev): void {
	const net = dev_net(idev.dev);
	if (!rtnl_has_listeners(net, RTNLGRP_IPV6_IFINFO)) return;
	rtnl_notify(net, RTNLGRP_IPV6_IFINFO, inet6_fill_ifinfo(idev, event, 0));
}

/**
 * An address came into use (RTM_NEWADDR), goes (RTM_DELADDR) or changed (0): its routes, anycast, and
 * who listens.
 * @kernel net/ipv6/addrconf.c:6034 (v5.10)
 */
function __ipv6_ifa_notify(event: number, ifp: inet6_ifaddr): void {
	const dev = ifp.idev.dev;
	const net = dev_net(dev);
	const m = net.machine;

	inet6_ifa_notify(event || RTM_NEWADDR, ifp);

	if (event === RTM_NEWADDR) {
		if (ifp.rt !== null && ifp.rt.fib6_node === null) ip6_ins_rt(net, ifp.rt);
		else if (ifp.rt === null && (dev.flags & IFF_UP) !== 0)
			m.record(
				'WARN',
				'__ipv6_ifa_notify',
				`address ${ip6_string(ifp.addr, 0)} on ${dev.name} is missing its host route`,
			);

		if (ifp.idev.cnf.forwarding !== 0) addrconf_join_anycast(ifp);
		if (!ipv6_addr_any(ifp.peer_addr))
			addrconf_prefix_route(ifp.peer_addr, 128, ifp.rt_priority, dev, 0, 0);
	} else if (event === RTM_DELADDR) {
		if (ifp.idev.cnf.forwarding !== 0) addrconf_leave_anycast(ifp);
		addrconf_leave_solict(ifp.idev, ifp.addr);
		if (!ipv6_addr_any(ifp.peer_addr)) {
			const rt = addrconf_get_prefix_route(ifp.peer_addr, 128, dev, 0, 0, false);
			if (rt !== null) ip6_del_rt(net, rt, false);
		}
		if (ifp.rt !== null) {
			ip6_del_rt(net, ifp.rt, false);
			ifp.rt = null;
		}
		rt_genid_bump_ipv6(net);
	}
	net.ipv6.dev_addr_genid++;
}

/**
 * The same, unless the device has gone.
 * @kernel net/ipv6/addrconf.c:6090 (v5.10)
 */
function ipv6_ifa_notify(event: number, ifp: inet6_ifaddr): void {
	if (ifp.idev.dead === 0) __ipv6_ifa_notify(event, ifp);
}

/** Settings that are numbers. */
type devconf_key = Exclude<keyof ipv6_devconf, 'stable_secret' | 'sysctl_header'>;

const VAR_INT = 0;
const VAR_JIFFIES = 1;
const VAR_MS = 2;
const VAR_FORWARDING = 3;
const VAR_MTU = 4;
const VAR_DISABLE_IPV6 = 5;
const VAR_LINKDOWN = 6;
const VAR_ADDR_GEN_MODE = 7;
const VAR_DISABLE_POLICY = 8;

/** A setting as a sysctl. */
interface addrconf_var {
	name: string;
	key: devconf_key;
	/** DEVCONF_*, -1 for none. */
	devconf: number;
	/** VAR_* */
	kind: number;
	min: number;
	max: number;
}

/**
 * One entry of addrconf_vars.
 * @kernel PORT: an element of addrconf_sysctl
 */
function addrconf_var(
	name: string,
	key: devconf_key,
	devconf: number,
	kind = VAR_INT,
	min = -0x80000000,
	max = 0x7fffffff,
): addrconf_var {
	return { name, key, devconf, kind, min, max };
}

const addrconf_vars: readonly addrconf_var[] = [
	addrconf_var('forwarding', 'forwarding', DEVCONF_FORWARDING, VAR_FORWARDING),
	addrconf_var('hop_limit', 'hop_limit', DEVCONF_HOPLIMIT, VAR_INT, 1, 255),
	addrconf_var('mtu', 'mtu6', DEVCONF_MTU6, VAR_MTU, IPV6_MIN_MTU),
	addrconf_var('accept_ra', 'accept_ra', DEVCONF_ACCEPT_RA),
	addrconf_var('accept_redirects', 'accept_redirects', DEVCONF_ACCEPT_REDIRECTS),
	addrconf_var('autoconf', 'autoconf', DEVCONF_AUTOCONF),
	addrconf_var('dad_transmits', 'dad_transmits', DEVCONF_DAD_TRANSMITS),
	addrconf_var('router_solicitations', 'rtr_solicits', DEVCONF_RTR_SOLICITS, VAR_INT, -1),
	addrconf_var(
		'router_solicitation_interval',
		'rtr_solicit_interval',
		DEVCONF_RTR_SOLICIT_INTERVAL,
		VAR_JIFFIES,
	),
	addrconf_var(
		'router_solicitation_max_interval',
		'rtr_solicit_max_interval',
		DEVCONF_RTR_SOLICIT_MAX_INTERVAL,
		VAR_JIFFIES,
	),
	addrconf_var(
		'router_solicitation_delay',
		'rtr_solicit_delay',
		DEVCONF_RTR_SOLICIT_DELAY,
		VAR_JIFFIES,
	),
	addrconf_var('force_mld_version', 'force_mld_version', DEVCONF_FORCE_MLD_VERSION),
	addrconf_var(
		'mldv1_unsolicited_report_interval',
		'mldv1_unsolicited_report_interval',
		DEVCONF_MLDV1_UNSOLICITED_REPORT_INTERVAL,
		VAR_MS,
	),
	addrconf_var(
		'mldv2_unsolicited_report_interval',
		'mldv2_unsolicited_report_interval',
		DEVCONF_MLDV2_UNSOLICITED_REPORT_INTERVAL,
		VAR_MS,
	),
	addrconf_var('use_tempaddr', 'use_tempaddr', DEVCONF_USE_TEMPADDR),
	addrconf_var('temp_valid_lft', 'temp_valid_lft', DEVCONF_TEMP_VALID_LFT),
	addrconf_var('temp_prefered_lft', 'temp_prefered_lft', DEVCONF_TEMP_PREFERED_LFT),
	addrconf_var('regen_max_retry', 'regen_max_retry', DEVCONF_REGEN_MAX_RETRY),
	addrconf_var('max_desync_factor', 'max_desync_factor', DEVCONF_MAX_DESYNC_FACTOR),
	addrconf_var('max_addresses', 'max_addresses', DEVCONF_MAX_ADDRESSES),
	addrconf_var('accept_ra_defrtr', 'accept_ra_defrtr', DEVCONF_ACCEPT_RA_DEFRTR),
	addrconf_var(
		'accept_ra_min_hop_limit',
		'accept_ra_min_hop_limit',
		DEVCONF_ACCEPT_RA_MIN_HOP_LIMIT,
	),
	addrconf_var('accept_ra_pinfo', 'accept_ra_pinfo', DEVCONF_ACCEPT_RA_PINFO),
	addrconf_var('accept_ra_rtr_pref', 'accept_ra_rtr_pref', DEVCONF_ACCEPT_RA_RTR_PREF),
	addrconf_var(
		'router_probe_interval',
		'rtr_probe_interval',
		DEVCONF_RTR_PROBE_INTERVAL,
		VAR_JIFFIES,
	),
	addrconf_var(
		'accept_ra_rt_info_min_plen',
		'accept_ra_rt_info_min_plen',
		DEVCONF_ACCEPT_RA_RT_INFO_MIN_PLEN,
	),
	addrconf_var(
		'accept_ra_rt_info_max_plen',
		'accept_ra_rt_info_max_plen',
		DEVCONF_ACCEPT_RA_RT_INFO_MAX_PLEN,
	),
	addrconf_var('proxy_ndp', 'proxy_ndp', DEVCONF_PROXY_NDP),
	addrconf_var('accept_source_route', 'accept_source_route', DEVCONF_ACCEPT_SOURCE_ROUTE),
	addrconf_var('disable_ipv6', 'disable_ipv6', DEVCONF_DISABLE_IPV6, VAR_DISABLE_IPV6),
	addrconf_var('accept_dad', 'accept_dad', DEVCONF_ACCEPT_DAD),
	addrconf_var('force_tllao', 'force_tllao', DEVCONF_FORCE_TLLAO),
	addrconf_var('ndisc_notify', 'ndisc_notify', DEVCONF_NDISC_NOTIFY),
	addrconf_var('suppress_frag_ndisc', 'suppress_frag_ndisc', DEVCONF_SUPPRESS_FRAG_NDISC),
	addrconf_var('accept_ra_from_local', 'accept_ra_from_local', DEVCONF_ACCEPT_RA_FROM_LOCAL),
	addrconf_var('accept_ra_mtu', 'accept_ra_mtu', DEVCONF_ACCEPT_RA_MTU),
	addrconf_var('use_oif_addrs_only', 'use_oif_addrs_only', DEVCONF_USE_OIF_ADDRS_ONLY),
	addrconf_var(
		'ignore_routes_with_linkdown',
		'ignore_routes_with_linkdown',
		DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN,
		VAR_LINKDOWN,
	),
	addrconf_var(
		'drop_unicast_in_l2_multicast',
		'drop_unicast_in_l2_multicast',
		DEVCONF_DROP_UNICAST_IN_L2_MULTICAST,
	),
	addrconf_var('drop_unsolicited_na', 'drop_unsolicited_na', DEVCONF_DROP_UNSOLICITED_NA),
	addrconf_var('keep_addr_on_down', 'keep_addr_on_down', DEVCONF_KEEP_ADDR_ON_DOWN),
	addrconf_var('seg6_enabled', 'seg6_enabled', DEVCONF_SEG6_ENABLED),
	addrconf_var('enhanced_dad', 'enhanced_dad', DEVCONF_ENHANCED_DAD),
	addrconf_var('addr_gen_mode', 'addr_gen_mode', DEVCONF_ADDR_GEN_MODE, VAR_ADDR_GEN_MODE, 0),
	addrconf_var(
		'disable_policy',
		'disable_policy',
		DEVCONF_DISABLE_POLICY,
		VAR_DISABLE_POLICY,
	),
	addrconf_var('ndisc_tclass', 'ndisc_tclass', DEVCONF_NDISC_TCLASS, VAR_INT, 0, 255),
	addrconf_var('rpl_seg_enabled', 'rpl_seg_enabled', DEVCONF_RPL_SEG_ENABLED),
];

/**
 * `disable_ipv6` of a device was switched: for IPv6, the device goes down or comes up.
 * @kernel net/ipv6/addrconf.c:6139 (v5.10)
 */
function dev_disable_change(idev: inet6_dev | null): void {
	if (idev === null) return;
	addrconf_notify(
		idev.cnf.disable_ipv6 !== 0 ? NETDEV_DOWN : NETDEV_UP,
		new netdev_notifier_info(idev.dev),
	);
}

/**
 * A `disable_ipv6` was written.
 * @param idev the device's, null for `all` and `default`
 * @kernel net/ipv6/addrconf.c:6169 (v5.10)
 */
function addrconf_disable_ipv6(
	net: net,
	idev: inet6_dev | null,
	p: ipv6_devconf,
	newf: number,
): void {
	const old = p.disable_ipv6;
	p.disable_ipv6 = newf;

	if (p === net.ipv6.devconf_dflt) return;

	if (p === net.ipv6.devconf_all) {
		net.ipv6.devconf_dflt!.disable_ipv6 = newf;
		/* PORT: addrconf_disable_change() */
		for (const dev of net.dev_base_head) {
			const it = __in6_dev_get(dev);
			if (it === null) continue;
			const changed = (it.cnf.disable_ipv6 === 0) !== (newf === 0);
			it.cnf.disable_ipv6 = newf;
			if (changed) dev_disable_change(it);
		}
	} else if ((newf === 0) !== (old === 0)) dev_disable_change(idev);
}

/**
 * An `addr_gen_mode` was written.
 * @param idev the device's, null for `all` and `default`
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/addrconf.c:6262 (v5.10)
 */
function addrconf_sysctl_addr_gen_mode(
	net: net,
	idev: inet6_dev | null,
	p: ipv6_devconf,
	new_val: number,
): number {
	if (!check_addr_gen_mode(new_val)) return -EINVAL;

	if (idev !== null) {
		if (!check_stable_privacy(idev, net, new_val)) return -EINVAL;

		if (idev.cnf.addr_gen_mode !== new_val) {
			idev.cnf.addr_gen_mode = new_val;
			addrconf_dev_config(idev.dev);
		}
	} else if (p === net.ipv6.devconf_all) {
		net.ipv6.devconf_dflt!.addr_gen_mode = new_val;
		for (const dev of net.dev_base_head) {
			const it = __in6_dev_get(dev);
			if (it !== null && it.cnf.addr_gen_mode !== new_val) {
				it.cnf.addr_gen_mode = new_val;
				addrconf_dev_config(it.dev);
			}
		}
	}

	p.addr_gen_mode = new_val;
	return 0;
}

/**
 * `stable_secret`: the secret of interface identifiers, as an address.
 * @param idev the device's, null for `all` and `default`
 * @kernel net/ipv6/addrconf.c:6324 (v5.10)
 */
function addrconf_sysctl_stable_secret(
	net: net,
	idev: inet6_dev | null,
	p: ipv6_devconf,
): ctl_table {
	return {
		procname: 'stable_secret',
		mode: 0o600,
		/* PORT: C answers EIO while there is none */
		show: () =>
			p.stable_secret.initialized ? ip6_string(p.stable_secret.secret, 0) : '',
		store: (text) => {
			if (p === net.ipv6.devconf_all) return -EIO;

			const secret = in6_pton(text.trim());
			if (secret === null) return -EIO;

			p.stable_secret = { initialized: true, secret };

			if (p === net.ipv6.devconf_dflt) {
				for (const dev of net.dev_base_head) {
					const it = __in6_dev_get(dev);
					if (it !== null)
						it.cnf.addr_gen_mode =
							IN6_ADDR_GEN_MODE_STABLE_PRIVACY;
				}
			} else {
				idev!.cnf.addr_gen_mode = IN6_ADDR_GEN_MODE_STABLE_PRIVACY;
			}
			return 0;
		},
	};
}

/**
 * Reads the text of an IPv6 address.
 * @returns null when it is not one
 * @kernel PORT: net/core/utils.c in6_pton, without the form that ends with an IPv4 address
 */
function in6_pton(text: string): in6_addr | null {
	const halves = text.split('::');
	if (halves.length > 2) return null;
	const words = halves.map((h) => (h === '' ? [] : h.split(':')));
	const all = words.flat();
	if (halves.length === 1 ? all.length !== 8 : all.length > 7) return null;
	if (!all.every((w) => /^[0-9a-fA-F]{1,4}$/.test(w))) return null;

	const addr: in6_addr = new Uint8Array(16);
	const put = (i: number, w: string): void => {
		const v = parseInt(w, 16);
		addr[2 * i] = v >> 8;
		addr[2 * i + 1] = v;
	};
	const [front = [], back = []] = words;
	front.forEach((w, i) => {
		put(i, w);
	});
	back.forEach((w, i) => {
		put(8 - back.length + i, w);
	});
	return addr;
}

/**
 * Sets whether destinations of a device's addresses are free of IPsec's policies.
 * @kernel net/ipv6/addrconf.c:6429 (v5.10)
 */
function addrconf_disable_policy_idev(idev: inet6_dev, val: number): void {
	for (const ifa of idev.addr_list) {
		if (ifa.rt === null) continue;
		ifa.rt.dst_nopolicy = val !== 0;
		const rt = ifa.rt.fib6_nh.rt6i_pcpu;
		/* PORT: addrconf_set_nopolicy() */
		if (rt === null) continue;
		if (val !== 0) rt.flags |= DST_NOPOLICY;
		else rt.flags &= ~DST_NOPOLICY;
	}
}

/**
 * A `disable_policy` was written.
 * @param idev the device's, null for `all` and `default`
 * @kernel net/ipv6/addrconf.c:6459 (v5.10)
 */
function addrconf_disable_policy(
	net: net,
	idev: inet6_dev | null,
	p: ipv6_devconf,
	val: number,
): void {
	p.disable_policy = val;

	if (p === net.ipv6.devconf_dflt) return;

	if (p === net.ipv6.devconf_all) {
		for (const dev of net.dev_base_head) {
			const it = __in6_dev_get(dev);
			if (it !== null) addrconf_disable_policy_idev(it, val);
		}
	} else {
		addrconf_disable_policy_idev(idev!, val);
	}
}

/**
 * One setting as a sysctl.
 * @param idev the device's, null for `all` and `default`
 * @kernel PORT: an element of addrconf_sysctl, for one owner
 */
function addrconf_sysctl_entry(
	net: net,
	idev: inet6_dev | null,
	p: ipv6_devconf,
	v: addrconf_var,
): ctl_table {
	const get = (): number => p[v.key];
	const set = (val: number): void => {
		p[v.key] = val;
	};
	switch (v.kind) {
		case VAR_JIFFIES:
			return proc_dointvec_jiffies(v.name, get, set, HZ);
		case VAR_MS:
			return proc_dointvec_jiffies(v.name, get, set, HZ / 1000);
		case VAR_FORWARDING:
			return proc_dointvec(v.name, get, (val) => {
				addrconf_fixup_forwarding(net, idev, p, val);
			});
		case VAR_DISABLE_IPV6:
			return proc_dointvec(v.name, get, (val) => {
				addrconf_disable_ipv6(net, idev, p, val);
			});
		case VAR_LINKDOWN:
			return proc_dointvec(v.name, get, (val) => {
				addrconf_fixup_linkdown(net, p, val);
			});
		case VAR_DISABLE_POLICY:
			return proc_dointvec(v.name, get, (val) => {
				if (p.disable_policy !== val)
					addrconf_disable_policy(net, idev, p, val);
			});
		case VAR_MTU: {
			const entry = proc_dointvec(v.name, get, set, IPV6_MIN_MTU);
			return {
				...entry,
				store: (text) => {
					const val = proc_get_long(text);
					if (val !== null && idev !== null && val > idev.dev.mtu)
						return -EINVAL;
					return entry.store(text);
				},
			};
		}
		case VAR_ADDR_GEN_MODE: {
			const entry = proc_dointvec(v.name, get, set);
			return {
				...entry,
				store: (text) => {
					const val = proc_get_long(text);
					if (val === null || val < 0) return -EINVAL;
					return addrconf_sysctl_addr_gen_mode(net, idev, p, val);
				},
			};
		}
		default:
			return proc_dointvec(v.name, get, set, v.min, v.max);
	}
}

/**
 * Shows settings under net/ipv6/conf.
 * @param dev_name device name, "all" or "default"
 * @param idev the device's, null for `all` and `default`
 * @returns 0
 * @kernel net/ipv6/addrconf.c:6905 (v5.10)
 */
function __addrconf_sysctl_register(
	net: net,
	dev_name: string,
	idev: inet6_dev | null,
	p: ipv6_devconf,
): number {
	const table = addrconf_vars.map((v) => addrconf_sysctl_entry(net, idev, p, v));
	table.push(addrconf_sysctl_stable_secret(net, idev, p));
	p.sysctl_header = register_net_sysctl(net, `net/ipv6/conf/${dev_name}`, table);
	return 0;
}

/**
 * Hides settings again.
 * @kernel net/ipv6/addrconf.c:6950 (v5.10)
 */
function __addrconf_sysctl_unregister(p: ipv6_devconf): void {
	if (p.sysctl_header === null) return;
	unregister_net_sysctl_table(p.sysctl_header);
	p.sysctl_header = null;
}

/**
 * Begins a namespace: its `all` and `default`.
 * @returns 0
 * @kernel net/ipv6/addrconf.c:6995 (v5.10)
 */
function addrconf_init_net(net: net): number {
	/* sysctl_devconf_inherit_init_net is 0: the compiled values */
	const all = ipv6_devconf_initial(0);
	const dflt = ipv6_devconf_initial(1);

	net.ipv6.devconf_all = all;
	net.ipv6.devconf_dflt = dflt;

	__addrconf_sysctl_register(net, 'all', null, all);
	__addrconf_sysctl_register(net, 'default', null, dflt);
	return 0;
}

/**
 * Ends a namespace. PORT: the objects stay, for the loopback device may go after this.
 * @kernel net/ipv6/addrconf.c:7064 (v5.10)
 */
function addrconf_exit_net(net: net): void {
	__addrconf_sysctl_unregister(net.ipv6.devconf_dflt!);
	__addrconf_sysctl_unregister(net.ipv6.devconf_all!);
}

const addrconf_ops: pernet_operations = {
	init: addrconf_init_net,
	exit: addrconf_exit_net,
};

const ipv6_dev_notf = {
	notifier_call: addrconf_notify,
	priority: ADDRCONF_NOTIFY_PRIORITY,
};

/**
 * Starts the IPv6 side of devices. After routes and neighbour discovery.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/addrconf.c:7093 (v5.10)
 */
export function addrconf_init(m: Machine): number {
	const stub = ipv6_stub.of(m);
	stub.ipv6_chk_addr = ipv6_chk_addr;
	stub.ipv6_chk_addr_and_flags = ipv6_chk_addr_and_flags;
	stub.ipv6_get_ifaddr = ipv6_get_ifaddr;
	stub.ipv6_dev_get_saddr = ipv6_dev_get_saddr;
	stub.__ipv6_get_lladdr = __ipv6_get_lladdr;
	stub.ipv6_get_lladdr = ipv6_get_lladdr;
	stub.inet6_ifa_finish_destroy = inet6_ifa_finish_destroy;
	stub.addrconf_dad_failure = addrconf_dad_failure;
	stub.addrconf_prefix_rcv = addrconf_prefix_rcv;
	stub.ipv6_chk_prefix = ipv6_chk_prefix;
	stub.addrconf_join_solict = addrconf_join_solict;
	stub.addrconf_leave_solict = addrconf_leave_solict;
	stub.inet6_ifinfo_notify = inet6_ifinfo_notify;

	let err = register_pernet_subsys(m, addrconf_ops);
	if (err < 0) return err;

	/* The loopback device has to be there before others get addresses. */
	for (const net of m.net_namespace_list) {
		if (net.loopback_dev === null) continue;
		const idev = ipv6_add_dev(net.loopback_dev);
		if (IS_ERR(idev)) return idev;
	}

	ip6_route_init_special_entries(m);

	err = register_netdevice_notifier(m, ipv6_dev_notf);
	if (err < 0) return err;

	addrconf_verify(m);

	rtnl_af_register(m, {
		family: AF_INET6,
		fill_link_af: inet6_fill_link_af,
		validate_link_af: inet6_validate_link_af,
		set_link_af: inet6_set_link_af,
	});

	rtnl_register(m, PF_INET6, RTM_GETLINK, null, inet6_dump_ifinfo);
	rtnl_register(m, PF_INET6, RTM_NEWADDR, inet6_rtm_newaddr, null);
	rtnl_register(m, PF_INET6, RTM_DELADDR, inet6_rtm_deladdr, null);
	rtnl_register(m, PF_INET6, RTM_GETADDR, inet6_rtm_getaddr, inet6_dump_ifaddr);
	return 0;
}
