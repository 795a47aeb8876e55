// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/devinet.c, base v5.10: the IPv4 side of devices: their addresses, primary and secondary, and their settings.
 *
 * PORT: addresses hash in a table of their namespace (net.ipv4.inet_addr_lst). A place in the address list is the
 * entry before it (null for the head), where C has a pointer to a pointer. Calls into ARP and the routing tables go
 * through ipv4_stub.
 * Not ported: ioctls (no tool uses them), netconf messages, multicast autojoin.
 */
import { HZ, type Machine, machine_var, time_before } from '../../include/linux/machine.ts';
import { htonl, ntohl } from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import {
	in_dev_hold,
	in_device,
	IN_DEV_ARP_NOTIFY,
	IN_DEV_CONF_SET,
	IN_DEV_PROMOTE_SECONDARIES,
	IN_DEV_ROUTE_LOCALNET,
	in_ifaddr,
	in_validator_info,
	inet_ifa_match,
	inet_make_mask,
	ipv4_devconf,
	ipv4_devconf_set,
	ipv4_devconf_setall,
} from '../../include/linux/inetdevice.ts';
import {
	dev_hold,
	dev_net,
	dev_put,
	type net_device,
	NETDEV_CHANGEADDR,
	NETDEV_CHANGEMTU,
	NETDEV_CHANGENAME,
	NETDEV_DOWN,
	NETDEV_NOTIFY_PEERS,
	type netdev_notifier_info,
	netdev_notifier_info_to_dev,
	NETDEV_REGISTER,
	NETDEV_UNREGISTER,
	NETDEV_UP,
} from '../../include/linux/netdevice.ts';
import { type netlink_ext_ack, NL_SET_ERR_MSG } from '../../include/linux/netlink.ts';
import {
	notifier_call_chain,
	notifier_chain_register,
	notifier_chain_unregister,
	notifier_from_errno,
	notifier_head,
	notifier_to_errno,
	type notifier_block,
	NOTIFY_DONE,
} from '../../include/linux/notifier.ts';
import { AF_INET, PF_INET } from '../../include/linux/socket.ts';
import {
	type ctl_table,
	proc_dointvec,
	register_net_sysctl,
	unregister_net_sysctl_table,
} from '../../include/linux/sysctl.ts';
import type { __be32, u32 } from '../../include/linux/types.ts';
import {
	cancel_delayed_work_sync,
	delayed_work,
	queue_delayed_work,
} from '../../include/linux/workqueue.ts';
import { arp_tbl } from '../../include/net/arp.ts';
import { FIB_LOOKUP_NOREF } from '../../include/net/fib_rules.ts';
import { flowi4 } from '../../include/net/flow.ts';
import { FIB_RES_DEV, fib_get_table, fib_result } from '../../include/net/ip_fib.ts';
import { inetdev_valid_mtu } from '../../include/net/ip.ts';
import { ipv4_stub } from '../../include/net/ipv4_stubs.ts';
import { l3mdev_master_ifindex_rcu } from '../../include/net/l3mdev.ts';
import { neigh_parms_data_state_setall } from '../../include/net/neighbour.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { IN4_ADDR_HSIZE_SHIFT } from '../../include/net/netns/ipv4.ts';
import {
	nla_get_s32,
	nla_get_u32,
	nla_nest_start,
	nla_parse_nested,
	nla_put_s32,
	nla_put_string,
	nla_put_u32,
	nla_strdup,
	type nlattrs,
	NLM_F_DUMP_FILTERED,
	NLM_F_EXCL,
	NLM_F_MULTI,
	NLM_F_REPLACE,
	type nlmsg,
} from '../../include/net/netlink.ts';
import {
	EADDRNOTAVAIL,
	EAFNOSUPPORT,
	EEXIST,
	EINVAL,
	ENOBUFS,
	ENODEV,
	ENOMEM,
} from '../../include/uapi/linux/errno.ts';
import { ARPOP_REQUEST, IFF_LOOPBACK, IFF_UP, IFNAMSIZ } from '../../include/uapi/linux/if.ts';
import {
	IFA_ADDRESS,
	IFA_BROADCAST,
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
	IFA_F_OPTIMISTIC,
	IFA_F_PERMANENT,
	IFA_F_SECONDARY,
	IFA_F_STABLE_PRIVACY,
	IFA_F_TENTATIVE,
	IFA_FLAGS,
	IFA_LABEL,
	IFA_LOCAL,
	IFA_RT_PRIORITY,
	IFA_TARGET_NETNSID,
} from '../../include/uapi/linux/if_addr.ts';
import { ETH_P_ARP } from '../../include/uapi/linux/if_ether.ts';
import { IFLA_INET_CONF } from '../../include/uapi/linux/if_link.ts';
import { INADDR_LOOPBACK } from '../../include/uapi/linux/in.ts';
import {
	IPV4_DEVCONF_ACCEPT_LOCAL,
	IPV4_DEVCONF_ACCEPT_REDIRECTS,
	IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE,
	IPV4_DEVCONF_ARP_ACCEPT,
	IPV4_DEVCONF_ARP_ANNOUNCE,
	IPV4_DEVCONF_ARP_IGNORE,
	IPV4_DEVCONF_ARP_NOTIFY,
	IPV4_DEVCONF_ARPFILTER,
	IPV4_DEVCONF_BC_FORWARDING,
	IPV4_DEVCONF_BOOTP_RELAY,
	IPV4_DEVCONF_DROP_GRATUITOUS_ARP,
	IPV4_DEVCONF_DROP_UNICAST_IN_L2_MULTICAST,
	IPV4_DEVCONF_FORCE_IGMP_VERSION,
	IPV4_DEVCONF_FORWARDING,
	IPV4_DEVCONF_IGMPV2_UNSOLICITED_REPORT_INTERVAL,
	IPV4_DEVCONF_IGMPV3_UNSOLICITED_REPORT_INTERVAL,
	IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN,
	IPV4_DEVCONF_LOG_MARTIANS,
	IPV4_DEVCONF_MAX,
	IPV4_DEVCONF_MC_FORWARDING,
	IPV4_DEVCONF_MEDIUM_ID,
	IPV4_DEVCONF_NOPOLICY,
	IPV4_DEVCONF_NOXFRM,
	IPV4_DEVCONF_PROMOTE_SECONDARIES,
	IPV4_DEVCONF_PROXY_ARP,
	IPV4_DEVCONF_PROXY_ARP_PVLAN,
	IPV4_DEVCONF_ROUTE_LOCALNET,
	IPV4_DEVCONF_RP_FILTER,
	IPV4_DEVCONF_SECURE_REDIRECTS,
	IPV4_DEVCONF_SEND_REDIRECTS,
	IPV4_DEVCONF_SHARED_MEDIA,
	IPV4_DEVCONF_SRC_VMARK,
	IPV4_DEVCONF_TAG,
} from '../../include/uapi/linux/ip.ts';
import {
	ifaddrmsg_msg,
	RT_SCOPE_HOST,
	RT_SCOPE_LINK,
	RT_TABLE_LOCAL,
	RTM_DELADDR,
	RTM_GETADDR,
	RTM_NEWADDR,
	RTN_LOCAL,
	RTNLGRP_IPV4_IFADDR,
} from '../../include/uapi/linux/rtnetlink.ts';
import { __dev_get_by_index, dev_get_by_index_rcu, register_netdevice_notifier } from '../core/dev.ts';
import {
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
import { ip_mc_destroy_dev, ip_mc_down, ip_mc_up } from './igmp.ts';

const IPV6ONLY_FLAGS =
	IFA_F_NODAD |
	IFA_F_OPTIMISTIC |
	IFA_F_DADFAILED |
	IFA_F_HOMEADDRESS |
	IFA_F_TENTATIVE |
	IFA_F_MANAGETEMPADDR |
	IFA_F_STABLE_PRIVACY;

const INFINITY_LIFE_TIME = 0xffffffff;

/* include/net/addrconf.h */
const ADDR_CHECK_FREQUENCY = 120 * HZ;
const ADDRCONF_TIMER_FUZZ_MINUS = HZ / 50;
const ADDRCONF_TIMER_FUZZ = HZ / 4;
const ADDRCONF_TIMER_FUZZ_MAX = HZ;

/** 224.0.0.1 */

const inetaddr_chain = machine_var(() => new notifier_head<in_ifaddr>());
const inetaddr_validator_chain = machine_var(() => new notifier_head<in_validator_info>());

const check_lifetime_work = machine_var(
	(m) =>
		new delayed_work(m, () => {
			check_lifetime(m);
		}),
);

/** Scratch of __ip_dev_find(); it neither nests nor yields. */
const ip_dev_find_scratch = machine_var(() => ({ fl4: new flowi4(), res: new fib_result() }));

/**
 * Finds the device that has an address, with a reference.
 * @param addr network order
 * @kernel PORT: inline of include/linux/inetdevice.h:175, include/ does not import net/
 */
export function ip_dev_find(net: net, addr: __be32): net_device | null {
	return __ip_dev_find(net, addr, true);
}

/**
 * Drops a reference on the IPv4 side of a device.
 * @kernel PORT: inline of include/linux/inetdevice.h:268, include/ does not import net/
 */
export function in_dev_put(idev: in_device): void {
	if (--idev.refcnt === 0) in_dev_finish_destroy(idev);
}

/**
 * The initial settings of `all` and `default`.
 * @param dflt for `default`
 * @kernel PORT: the static ipv4_devconf and ipv4_devconf_dflt
 */
function ipv4_devconf_initial(dflt: boolean): ipv4_devconf {
	const c = new ipv4_devconf();
	c.data[IPV4_DEVCONF_ACCEPT_REDIRECTS - 1] = 1;
	c.data[IPV4_DEVCONF_SEND_REDIRECTS - 1] = 1;
	c.data[IPV4_DEVCONF_SECURE_REDIRECTS - 1] = 1;
	c.data[IPV4_DEVCONF_SHARED_MEDIA - 1] = 1;
	if (dflt) c.data[IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE - 1] = 1;
	c.data[IPV4_DEVCONF_IGMPV2_UNSOLICITED_REPORT_INTERVAL - 1] = 10000;
	c.data[IPV4_DEVCONF_IGMPV3_UNSOLICITED_REPORT_INTERVAL - 1] = 1000;
	return c;
}

/**
 * Makes all cached routes of a namespace stale.
 * @kernel PORT: include/net/net_namespace.h rt_genid_bump_ipv4, which is all that rt_cache_flush() does
 */
function rt_cache_flush(net: net): void {
	net.ipv4.rt_genid++;
}

/**
 * Hash of a local address. PORT: the table is the namespace's own.
 * @kernel net/ipv4/devinet.c:121 (v5.10)
 */
function inet_addr_hash(addr: __be32): number {
	return Math.imul(addr, 0x61c88647) >>> (32 - IN4_ADDR_HSIZE_SHIFT);
}

/**
 * Enters an address into the namespace's hash.
 * @kernel net/ipv4/devinet.c:128 (v5.10)
 */
function inet_hash_insert(net: net, ifa: in_ifaddr): void {
	const hash = inet_addr_hash(ifa.ifa_local);
	ifa.hash_next = net.ipv4.inet_addr_lst[hash];
	net.ipv4.inet_addr_lst[hash] = ifa;
}

/**
 * Takes an address out of the namespace's hash.
 * @kernel net/ipv4/devinet.c:136 (v5.10)
 */
function inet_hash_remove(net: net, ifa: in_ifaddr): void {
	const hash = inet_addr_hash(ifa.ifa_local);
	const first = net.ipv4.inet_addr_lst[hash];
	if (first === ifa) {
		net.ipv4.inet_addr_lst[hash] = ifa.hash_next;
		return;
	}
	for (let prev = first; prev !== null; prev = prev.hash_next)
		if (prev.hash_next === ifa) {
			prev.hash_next = ifa.hash_next;
			return;
		}
}

/**
 * Finds the device that has an address, or whose local network holds it.
 * @param addr network order
 * @param devref takes a reference on the device
 * @kernel net/ipv4/devinet.c:150 (v5.10)
 */
export function __ip_dev_find(net: net, addr: __be32, devref: boolean): net_device | null {
	let result: net_device | null = null;
	const ifa = inet_lookup_ifaddr_rcu(net, addr);
	if (ifa === null) {
		const local = fib_get_table(net, RT_TABLE_LOCAL);
		if (local !== null) {
			const { fl4, res } = ip_dev_find_scratch.of(net.machine);
			fl4.clear();
			fl4.daddr = addr;
			res.clear();
			if (local.tb_lookup(local, fl4, res, FIB_LOOKUP_NOREF) === 0 && res.type === RTN_LOCAL)
				result = FIB_RES_DEV(res);
		}
	} else {
		result = ifa.ifa_dev!.dev;
	}
	if (result !== null && devref) dev_hold(result);
	return result;
}

/**
 * Finds an interface address.
 * @param addr network order
 * @kernel net/ipv4/devinet.c:181 (v5.10)
 */
export function inet_lookup_ifaddr_rcu(net: net, addr: __be32): in_ifaddr | null {
	let ifa = net.ipv4.inet_addr_lst[inet_addr_hash(addr)];
	while (ifa !== null && ifa.ifa_local !== addr) ifa = ifa.hash_next;
	return ifa;
}

/**
 * Shows the settings and ARP parameters of a device.
 * @returns 0
 * @kernel net/ipv4/devinet.c:205 (v5.10)
 */
function devinet_sysctl_register(idev: in_device): number {
	neigh_sysctl_register(idev.dev, idev.arp_parms!, null);
	return __devinet_sysctl_register(dev_net(idev.dev), idev.dev.name, idev.cnf);
}

/**
 * Hides the settings and ARP parameters of a device.
 * @kernel net/ipv4/devinet.c:209 (v5.10)
 */
function devinet_sysctl_unregister(idev: in_device): void {
	__devinet_sysctl_unregister(idev.cnf);
	neigh_sysctl_unregister(idev.arp_parms!);
}

/**
 * Gives up an address.
 * @kernel net/ipv4/devinet.c:229 (v5.10)
 */
function inet_free_ifa(ifa: in_ifaddr): void {
	if (ifa.ifa_dev !== null) in_dev_put(ifa.ifa_dev);
}

/**
 * Ends the IPv4 side of a device that nobody refers to.
 * @kernel net/ipv4/devinet.c:234 (v5.10)
 */
export function in_dev_finish_destroy(idev: in_device): void {
	const dev = idev.dev;
	if (idev.ifa_list !== null)
		dev.machine.record('WARN', 'in_dev_finish_destroy', 'addresses left');
	dev_put(dev);
	if (idev.dead === 0)
		dev.machine.record('WARN', 'in_dev_finish_destroy', 'freeing alive in_device');
}

/**
 * Makes the IPv4 side of a device from the namespace's defaults.
 * @returns -ENOMEM when the driver refuses neighbour parameters
 * @kernel net/ipv4/devinet.c:252 (v5.10)
 */
function inetdev_init(dev: net_device): in_device | number {
	const in_dev = new in_device(dev);
	const dflt = dev_net(dev).ipv4.devconf_dflt!;
	in_dev.cnf.data.set(dflt.data);
	in_dev.cnf.state = dflt.state;
	in_dev.arp_parms = neigh_parms_alloc(dev, arp_tbl.of(dev.machine));
	if (in_dev.arp_parms === null) return -ENOMEM;
	dev_hold(dev);
	devinet_sysctl_register(in_dev);
	if ((dev.flags & IFF_UP) !== 0) ip_mc_up(in_dev);
	dev.ip_ptr = in_dev;
	return in_dev;
}

/**
 * Takes the IPv4 side off a device.
 * @kernel net/ipv4/devinet.c:304 (v5.10)
 */
function inetdev_destroy(in_dev: in_device): void {
	const dev = in_dev.dev;
	in_dev.dead = 1;
	ip_mc_destroy_dev(in_dev);
	let ifa: in_ifaddr | null;
	while ((ifa = in_dev.ifa_list) !== null) {
		inet_del_ifa(in_dev, null, false);
		inet_free_ifa(ifa);
	}
	dev.ip_ptr = null;
	devinet_sysctl_unregister(in_dev);
	neigh_parms_release(arp_tbl.of(dev.machine), in_dev.arp_parms);
	ipv4_stub.of(dev.machine).arp_ifdown(dev);
	dev.machine.call_rcu(() => {
		in_dev_put(in_dev);
	});
}

/**
 * Tells whether one or two addresses are in a network of the device.
 * @param a network order
 * @param b network order, 0 for any
 * @kernel net/ipv4/devinet.c:331 (v5.10)
 */
export function inet_addr_onlink(in_dev: in_device, a: __be32, b: __be32): boolean {
	for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next)
		if (inet_ifa_match(a, ifa) && (b === 0 || inet_ifa_match(b, ifa))) return true;
	return false;
}

/**
 * The address after a place in the list.
 * @param prev null for the head
 * @kernel PORT: *ifap
 */
function ifa_after(in_dev: in_device, prev: in_ifaddr | null): in_ifaddr | null {
	return prev === null ? in_dev.ifa_list : prev.ifa_next;
}

/**
 * Sets what comes after a place in the list.
 * @param prev null for the head
 * @kernel PORT: *ifap = next
 */
function set_ifa_after(
	in_dev: in_device,
	prev: in_ifaddr | null,
	next: in_ifaddr | null,
): void {
	if (prev === null) in_dev.ifa_list = next;
	else prev.ifa_next = next;
}

/**
 * Removes an address. The secondaries of a primary go with it, or the first of them takes its place.
 * @param prev the entry before it
 * @param destroy gives it up too
 * @kernel net/ipv4/devinet.c:348 (v5.10)
 */
function __inet_del_ifa(in_dev: in_device, prev: in_ifaddr | null, destroy: boolean): void {
	const m = in_dev.dev.machine;
	const net = dev_net(in_dev.dev);
	const stub = ipv4_stub.of(m);
	const chain = inetaddr_chain.of(m);
	const do_promote = IN_DEV_PROMOTE_SECONDARIES(in_dev);
	const ifa1 = ifa_after(in_dev, prev)!;
	let last_prim = in_dev.ifa_list;
	let prev_prom: in_ifaddr | null = null;
	let promote: in_ifaddr | null = null;

	if (in_dev.dead === 0) {
		if ((ifa1.ifa_flags & IFA_F_SECONDARY) === 0) {
			let p = ifa1;
			let ifa: in_ifaddr | null;
			while ((ifa = p.ifa_next) !== null) {
				if ((ifa.ifa_flags & IFA_F_SECONDARY) === 0 && ifa1.ifa_scope <= ifa.ifa_scope)
					last_prim = ifa;
				if (
					(ifa.ifa_flags & IFA_F_SECONDARY) === 0 ||
					ifa1.ifa_mask !== ifa.ifa_mask ||
					!inet_ifa_match(ifa1.ifa_address, ifa)
				) {
					p = ifa;
					prev_prom = ifa;
					continue;
				}
				if (!do_promote) {
					inet_hash_remove(net, ifa);
					p.ifa_next = ifa.ifa_next;
					rtmsg_ifa(RTM_DELADDR, ifa);
					notifier_call_chain(chain, NETDEV_DOWN, ifa);
					inet_free_ifa(ifa);
				} else {
					promote = ifa;
					break;
				}
			}
		}
		/* Routes of all secondaries go and come back with the new source address. */
		for (let ifa = promote; ifa !== null; ifa = ifa.ifa_next)
			if (ifa1.ifa_mask === ifa.ifa_mask && inet_ifa_match(ifa1.ifa_address, ifa))
				stub.fib_del_ifaddr(ifa, ifa1);
	}

	set_ifa_after(in_dev, prev, ifa1.ifa_next);
	inet_hash_remove(net, ifa1);
	rtmsg_ifa(RTM_DELADDR, ifa1);
	notifier_call_chain(chain, NETDEV_DOWN, ifa1);

	if (promote !== null) {
		const next_sec = promote.ifa_next;
		if (prev_prom !== null) {
			prev_prom.ifa_next = next_sec;
			promote.ifa_next = last_prim!.ifa_next;
			last_prim!.ifa_next = promote;
		}
		promote.ifa_flags &= ~IFA_F_SECONDARY;
		rtmsg_ifa(RTM_NEWADDR, promote);
		notifier_call_chain(chain, NETDEV_UP, promote);
		for (let ifa = next_sec; ifa !== null; ifa = ifa.ifa_next) {
			if (ifa1.ifa_mask !== ifa.ifa_mask || !inet_ifa_match(ifa1.ifa_address, ifa)) continue;
			stub.fib_add_ifaddr(ifa);
		}
	}
	if (destroy) inet_free_ifa(ifa1);
}

/**
 * Removes an address.
 * @param prev the entry before it
 * @param destroy gives it up too
 * @kernel net/ipv4/devinet.c:461 (v5.10)
 */
function inet_del_ifa(in_dev: in_device, prev: in_ifaddr | null, destroy: boolean): void {
	__inet_del_ifa(in_dev, prev, destroy);
}

/**
 * Adds an address to its device: primaries by scope, a further one of the same network as secondary.
 * @returns 0, -EEXIST, -EINVAL when the network is there with another scope, or a validator's errno
 * @kernel net/ipv4/devinet.c:472 (v5.10)
 */
function __inet_insert_ifa(ifa: in_ifaddr, extack: netlink_ext_ack | null): number {
	const in_dev = ifa.ifa_dev!;
	const m = in_dev.dev.machine;
	if (ifa.ifa_local === 0) {
		inet_free_ifa(ifa);
		return 0;
	}
	ifa.ifa_flags &= ~IFA_F_SECONDARY;
	ifa.ifa_flags &= ~IPV6ONLY_FLAGS;
	let last_primary: in_ifaddr | null = null;
	let prev: in_ifaddr | null = null;
	for (let ifa1 = in_dev.ifa_list; ifa1 !== null; ifa1 = ifa1.ifa_next) {
		if ((ifa1.ifa_flags & IFA_F_SECONDARY) === 0 && ifa.ifa_scope <= ifa1.ifa_scope)
			last_primary = ifa1;
		if (ifa1.ifa_mask === ifa.ifa_mask && inet_ifa_match(ifa1.ifa_address, ifa)) {
			if (ifa1.ifa_local === ifa.ifa_local) {
				inet_free_ifa(ifa);
				return -EEXIST;
			}
			if (ifa1.ifa_scope !== ifa.ifa_scope) {
				inet_free_ifa(ifa);
				return -EINVAL;
			}
			ifa.ifa_flags |= IFA_F_SECONDARY;
		}
		prev = ifa1;
	}
	const ret = notifier_to_errno(
		notifier_call_chain(
			inetaddr_validator_chain.of(m),
			NETDEV_UP,
			new in_validator_info(ifa.ifa_address, in_dev, extack),
		),
	);
	if (ret !== 0) {
		inet_free_ifa(ifa);
		return ret;
	}
	/* PORT: C stirs the random pool with the address here; ours is seeded once. */
	if ((ifa.ifa_flags & IFA_F_SECONDARY) === 0) prev = last_primary;
	ifa.ifa_next = ifa_after(in_dev, prev);
	set_ifa_after(in_dev, prev, ifa);
	inet_hash_insert(dev_net(in_dev.dev), ifa);

	const work = check_lifetime_work.of(m);
	cancel_delayed_work_sync(work);
	queue_delayed_work(work, 0);

	rtmsg_ifa(RTM_NEWADDR, ifa);
	notifier_call_chain(inetaddr_chain.of(m), NETDEV_UP, ifa);
	return 0;
}

/**
 * Adds an address to its device.
 * @returns see __inet_insert_ifa()
 * @kernel net/ipv4/devinet.c:558 (v5.10)
 */
function inet_insert_ifa(ifa: in_ifaddr): number {
	return __inet_insert_ifa(ifa, null);
}

/**
 * IPv4 side of the device with an index.
 * @kernel net/ipv4/devinet.c:588 (v5.10)
 */
export function inetdev_by_index(net: net, ifindex: number): in_device | null {
	return dev_get_by_index_rcu(net, ifindex)?.ip_ptr ?? null;
}

/**
 * The address of a device whose network is a given prefix.
 * @param prefix network order
 * @param mask network order
 * @kernel net/ipv4/devinet.c:604 (v5.10)
 */
export function inet_ifa_byprefix(
	in_dev: in_device,
	prefix: __be32,
	mask: __be32,
): in_ifaddr | null {
	for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next)
		if (ifa.ifa_mask === mask && inet_ifa_match(prefix, ifa)) return ifa;
	return null;
}

/**
 * Reads an IPv4 address.
 * PORT: a number, or 4 bytes as user land has them.
 * @returns null when it is absent or of another kind
 * @kernel include/net/netlink.h:1712 (v5.10)
 */
export function nla_get_in_addr(tb: nlattrs, attrtype: number): __be32 | null {
	const v = tb.get(attrtype);
	if (typeof v === 'number') return htonl(v);
	if (v instanceof Uint8Array && v.length === 4)
		return htonl((v[0] << 24) | (v[1] << 16) | (v[2] << 8) | v[3]);
	return null;
}

/**
 * RTM_DELADDR.
 * @returns 0, -ENODEV, -EADDRNOTAVAIL
 * @kernel net/ipv4/devinet.c:644 (v5.10)
 */
function inet_rtm_deladdr(net: net, nlh: nlmsg): number {
	const ifm = nlh as ifaddrmsg_msg;
	const tb = ifm.tb;
	const in_dev = inetdev_by_index(net, ifm.ifa_index);
	if (in_dev === null) return -ENODEV;
	const local = nla_get_in_addr(tb, IFA_LOCAL);
	const address = nla_get_in_addr(tb, IFA_ADDRESS);
	const label = nla_strdup(tb, IFA_LABEL);
	if ((tb.has(IFA_LOCAL) && local === null) || (tb.has(IFA_ADDRESS) && address === null))
		return -EINVAL;
	let prev: in_ifaddr | null = null;
	for (let ifa = in_dev.ifa_list; ifa !== null; prev = ifa, ifa = ifa.ifa_next) {
		if (local !== null && ifa.ifa_local !== local) continue;
		if (label !== null && label !== ifa.ifa_label) continue;
		if (
			address !== null &&
			(ifm.ifa_prefixlen !== ifa.ifa_prefixlen || !inet_ifa_match(address, ifa))
		)
			continue;
		__inet_del_ifa(in_dev, prev, true);
		return 0;
	}
	return -EADDRNOTAVAIL;
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
 * Finds the entry before an address.
 * @kernel PORT: walk of check_lifetime to find ifap
 */
function ifa_before(ifa: in_ifaddr): in_ifaddr | null {
	let prev: in_ifaddr | null = null;
	for (let i = ifa.ifa_dev!.ifa_list; i !== null && i !== ifa; i = i.ifa_next) prev = i;
	return prev;
}

/**
 * Ends addresses whose time is over, marks those whose preferred time is over, and comes back when the next
 * one is due.
 * @kernel net/ipv4/devinet.c:697 (v5.10)
 */
function check_lifetime(m: Machine): void {
	let now = m.jiffies;
	let next = round_jiffies_up(now + ADDR_CHECK_FREQUENCY);
	for (const net of m.net_namespace_list) {
		for (const first of net.ipv4.inet_addr_lst) {
			let n: in_ifaddr | null;
			for (let ifa = first; ifa !== null; ifa = n) {
				n = ifa.hash_next;
				if ((ifa.ifa_flags & IFA_F_PERMANENT) !== 0) continue;
				const age = Math.floor((now - ifa.ifa_tstamp + ADDRCONF_TIMER_FUZZ_MINUS) / HZ);
				if (ifa.ifa_valid_lft !== INFINITY_LIFE_TIME && age >= ifa.ifa_valid_lft) {
					inet_del_ifa(ifa.ifa_dev!, ifa_before(ifa), true);
				} else if (ifa.ifa_preferred_lft === INFINITY_LIFE_TIME) {
					continue;
				} else if (age >= ifa.ifa_preferred_lft) {
					if (time_before(ifa.ifa_tstamp + ifa.ifa_valid_lft * HZ, next))
						next = ifa.ifa_tstamp + ifa.ifa_valid_lft * HZ;
					if ((ifa.ifa_flags & IFA_F_DEPRECATED) === 0) {
						ifa.ifa_flags |= IFA_F_DEPRECATED;
						rtmsg_ifa(RTM_NEWADDR, ifa);
					}
				} else if (time_before(ifa.ifa_tstamp + ifa.ifa_preferred_lft * HZ, next)) {
					next = ifa.ifa_tstamp + ifa.ifa_preferred_lft * HZ;
				}
			}
		}
	}
	const next_sec = round_jiffies_up(next);
	let next_sched = next;
	if (time_before(next_sec, next + ADDRCONF_TIMER_FUZZ)) next_sched = next_sec;
	now = m.jiffies;
	if (time_before(next_sched, now + ADDRCONF_TIMER_FUZZ_MAX))
		next_sched = now + ADDRCONF_TIMER_FUZZ_MAX;
	queue_delayed_work(check_lifetime_work.of(m), next_sched - now);
}

/**
 * Sets how long an address is valid and preferred.
 * @param valid_lft seconds, 0xffffffff for ever
 * @param prefered_lft seconds, 0xffffffff for ever
 * @kernel net/ipv4/devinet.c:799 (v5.10)
 */
function set_ifa_lifetime(
	ifa: in_ifaddr,
	now: number,
	valid_lft: u32,
	prefered_lft: u32,
): void {
	ifa.ifa_flags &= ~(IFA_F_PERMANENT | IFA_F_DEPRECATED);
	if (valid_lft !== INFINITY_LIFE_TIME) ifa.ifa_valid_lft = valid_lft;
	else ifa.ifa_flags |= IFA_F_PERMANENT;
	if (prefered_lft !== INFINITY_LIFE_TIME) {
		if (prefered_lft === 0) ifa.ifa_flags |= IFA_F_DEPRECATED;
		ifa.ifa_preferred_lft = prefered_lft;
	}
	ifa.ifa_tstamp = now;
	if (ifa.ifa_cstamp === 0) ifa.ifa_cstamp = now;
}

/** Lifetimes out of a request, seconds. */
class ifa_lifetimes {
	valid_lft = INFINITY_LIFE_TIME;
	prefered_lft = INFINITY_LIFE_TIME;
}

/**
 * Makes an address from a request.
 * @param lft takes the lifetimes
 * @returns the address, -EINVAL, -ENODEV, or -ENOBUFS when IPv4 is off on the device
 * @kernel net/ipv4/devinet.c:823 (v5.10)
 */
function rtm_to_ifaddr(net: net, ifm: ifaddrmsg_msg, lft: ifa_lifetimes): in_ifaddr | number {
	const tb = ifm.tb;
	const local = nla_get_in_addr(tb, IFA_LOCAL);
	if (ifm.ifa_prefixlen > 32 || local === null) return -EINVAL;
	const dev = __dev_get_by_index(net, ifm.ifa_index);
	if (dev === null) return -ENODEV;
	const in_dev = dev.ip_ptr;
	if (in_dev === null) return -ENOBUFS;
	const ifa = new in_ifaddr();
	ipv4_devconf_setall(in_dev);
	neigh_parms_data_state_setall(in_dev.arp_parms!);
	in_dev_hold(in_dev);
	ifa.ifa_prefixlen = ifm.ifa_prefixlen;
	ifa.ifa_mask = inet_make_mask(ifm.ifa_prefixlen);
	ifa.ifa_flags = nla_get_u32(tb, IFA_FLAGS) ?? ifm.ifa_flags;
	ifa.ifa_scope = ifm.ifa_scope;
	ifa.ifa_dev = in_dev;
	ifa.ifa_local = local;
	ifa.ifa_address = nla_get_in_addr(tb, IFA_ADDRESS) ?? local;
	ifa.ifa_broadcast = nla_get_in_addr(tb, IFA_BROADCAST) ?? htonl(0);
	ifa.ifa_label = (nla_strdup(tb, IFA_LABEL) ?? dev.name).slice(0, IFNAMSIZ - 1);
	ifa.ifa_rt_priority = nla_get_u32(tb, IFA_RT_PRIORITY) ?? 0;
	const ci = nla_parse_nested(tb, IFA_CACHEINFO);
	if (ci !== null) {
		const valid = nla_get_u32(ci, IFA_CACHEINFO_valid) ?? 0;
		const prefered = nla_get_u32(ci, IFA_CACHEINFO_prefered) ?? 0;
		if (valid === 0 || prefered > valid) {
			inet_free_ifa(ifa);
			return -EINVAL;
		}
		lft.valid_lft = valid;
		lft.prefered_lft = prefered;
	}
	return ifa;
}

/**
 * The same address on the same device.
 * @kernel net/ipv4/devinet.c:911 (v5.10)
 */
function find_matching_ifa(ifa: in_ifaddr): in_ifaddr | null {
	if (ifa.ifa_local === 0) return null;
	for (let ifa1 = ifa.ifa_dev!.ifa_list; ifa1 !== null; ifa1 = ifa1.ifa_next)
		if (
			ifa1.ifa_mask === ifa.ifa_mask &&
			inet_ifa_match(ifa1.ifa_address, ifa) &&
			ifa1.ifa_local === ifa.ifa_local
		)
			return ifa1;
	return null;
}

/**
 * RTM_NEWADDR.
 * @returns 0, -EINVAL, -ENODEV, -ENOBUFS, -EEXIST
 * @kernel net/ipv4/devinet.c:928 (v5.10)
 */
function inet_rtm_newaddr(net: net, nlh: nlmsg, extack: netlink_ext_ack | null): number {
	const m = net.machine;
	const lft = new ifa_lifetimes();
	const ifa = rtm_to_ifaddr(net, nlh as ifaddrmsg_msg, lft);
	if (IS_ERR(ifa)) return ifa;
	const ifa_existing = find_matching_ifa(ifa);
	if (ifa_existing === null) {
		set_ifa_lifetime(ifa, m.jiffies, lft.valid_lft, lft.prefered_lft);
		return __inet_insert_ifa(ifa, extack);
	}
	const new_metric = ifa.ifa_rt_priority;
	inet_free_ifa(ifa);
	if ((nlh.flags & NLM_F_EXCL) !== 0 || (nlh.flags & NLM_F_REPLACE) === 0) return -EEXIST;
	if (ifa_existing.ifa_rt_priority !== new_metric) {
		ipv4_stub.of(m).fib_modify_prefix_metric(ifa_existing, new_metric);
		ifa_existing.ifa_rt_priority = new_metric;
	}
	set_ifa_lifetime(ifa_existing, m.jiffies, lft.valid_lft, lft.prefered_lft);
	const work = check_lifetime_work.of(m);
	cancel_delayed_work_sync(work);
	queue_delayed_work(work, 0);
	rtmsg_ifa(RTM_NEWADDR, ifa_existing);
	return 0;
}

/**
 * First primary address of a device that is good for a scope.
 * @returns network order, 0 for none
 * @kernel net/ipv4/devinet.c:1285 (v5.10)
 */
function in_dev_select_addr(in_dev: in_device, scope: number): __be32 {
	for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) {
		if ((ifa.ifa_flags & IFA_F_SECONDARY) !== 0) continue;
		if (ifa.ifa_scope !== RT_SCOPE_LINK && ifa.ifa_scope <= scope) return ifa.ifa_local;
	}
	return htonl(0);
}

/**
 * Chooses a source address for a destination reached through a device.
 * @param dst network order, 0 for any
 * @param scope RT_SCOPE_*: the widest that the address may have
 * @returns network order, 0 when there is none
 * @kernel net/ipv4/devinet.c:1301 (v5.10)
 */
export function inet_select_addr(dev: net_device, dst: __be32, scope: number): __be32 {
	let addr = htonl(0);
	let localnet_scope = RT_SCOPE_HOST;
	const net = dev_net(dev);
	let in_dev = dev.ip_ptr;
	if (in_dev !== null) {
		if (IN_DEV_ROUTE_LOCALNET(in_dev)) localnet_scope = RT_SCOPE_LINK;
		for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) {
			if ((ifa.ifa_flags & IFA_F_SECONDARY) !== 0) continue;
			if (Math.min(ifa.ifa_scope, localnet_scope) > scope) continue;
			if (dst === 0 || inet_ifa_match(dst, ifa)) {
				addr = ifa.ifa_local;
				break;
			}
			if (addr === 0) addr = ifa.ifa_local;
		}
		if (addr !== 0) return addr;
	}
	const master_idx = l3mdev_master_ifindex_rcu(dev);
	if (master_idx !== 0) {
		in_dev = dev_get_by_index_rcu(net, master_idx)?.ip_ptr ?? null;
		if (in_dev !== null) {
			addr = in_dev_select_addr(in_dev, scope);
			if (addr !== 0) return addr;
		}
	}
	/* It matters that lo is the first device of the list. */
	for (const d of net.dev_base_head) {
		if (l3mdev_master_ifindex_rcu(d) !== master_idx) continue;
		in_dev = d.ip_ptr;
		if (in_dev === null) continue;
		addr = in_dev_select_addr(in_dev, scope);
		if (addr !== 0) return addr;
	}
	return addr;
}

/**
 * Confirms an address on one device, see inet_confirm_addr().
 * @returns network order, 0 when there is none
 * @kernel net/ipv4/devinet.c:1371 (v5.10)
 */
function confirm_addr_indev(
	in_dev: in_device,
	dst: __be32,
	local: __be32,
	scope: number,
): __be32 {
	let localnet_scope = RT_SCOPE_HOST;
	let addr = htonl(0);
	let same = false;
	if (IN_DEV_ROUTE_LOCALNET(in_dev)) localnet_scope = RT_SCOPE_LINK;
	for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) {
		const min_scope = Math.min(ifa.ifa_scope, localnet_scope);
		if (
			addr === 0 &&
			(local === ifa.ifa_local || local === 0) &&
			min_scope <= scope
		) {
			addr = ifa.ifa_local;
			if (same) break;
		}
		if (!same) {
			same =
				(local === 0 || inet_ifa_match(local, ifa)) &&
				(dst === 0 || inet_ifa_match(dst, ifa));
			if (same && addr !== 0) {
				if (local !== 0 || dst === 0) break;
				if (inet_ifa_match(addr, ifa)) break;
				if (min_scope <= scope) {
					addr = ifa.ifa_local;
					break;
				}
				same = false;
			}
		}
	}
	return same ? addr : htonl(0);
}

/**
 * Confirms that a local address exists, with wildcards.
 * @param in_dev only there, null for any device
 * @param dst only in the network of this, 0 for any
 * @param local the address, 0 to choose one
 * @param scope the widest that it may have
 * @returns network order, 0 when there is none
 * @kernel net/ipv4/devinet.c:1423 (v5.10)
 */
export function inet_confirm_addr(
	net: net,
	in_dev: in_device | null,
	dst: __be32,
	local: __be32,
	scope: number,
): __be32 {
	if (in_dev !== null) return confirm_addr_indev(in_dev, dst, local, scope);
	for (const dev of net.dev_base_head) {
		if (dev.ip_ptr === null) continue;
		const addr = confirm_addr_indev(dev.ip_ptr, dst, local, scope);
		if (addr !== 0) return addr;
	}
	return htonl(0);
}

/**
 * Listens to addresses that come (NETDEV_UP) and go (NETDEV_DOWN).
 * @returns 0
 * @kernel net/ipv4/devinet.c:1451 (v5.10)
 */
export function register_inetaddr_notifier(m: Machine, nb: notifier_block<in_ifaddr>): number {
	return notifier_chain_register(inetaddr_chain.of(m), nb);
}

/**
 * Ends register_inetaddr_notifier().
 * @returns 0 or -2 (ENOENT)
 * @kernel net/ipv4/devinet.c:1457 (v5.10)
 */
export function unregister_inetaddr_notifier(m: Machine, nb: notifier_block<in_ifaddr>): number {
	return notifier_chain_unregister(inetaddr_chain.of(m), nb);
}

/**
 * Asks before an address is added.
 * @returns 0
 * @kernel net/ipv4/devinet.c:1463 (v5.10)
 */
export function register_inetaddr_validator_notifier(
	m: Machine,
	nb: notifier_block<in_validator_info>,
): number {
	return notifier_chain_register(inetaddr_validator_chain.of(m), nb);
}

/**
 * Ends register_inetaddr_validator_notifier().
 * @returns 0 or -2 (ENOENT)
 * @kernel net/ipv4/devinet.c:1469 (v5.10)
 */
export function unregister_inetaddr_validator_notifier(
	m: Machine,
	nb: notifier_block<in_validator_info>,
): number {
	return notifier_chain_unregister(inetaddr_validator_chain.of(m), nb);
}

/**
 * Renames the labels of a device's addresses, keeping what follows a colon.
 * @kernel net/ipv4/devinet.c:1479 (v5.10)
 */
function inetdev_changename(dev: net_device, in_dev: in_device): void {
	let named = 0;
	for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next) {
		const old = ifa.ifa_label;
		ifa.ifa_label = dev.name;
		if (named++ !== 0) {
			const colon = old.indexOf(':');
			const dot = colon >= 0 ? old.slice(colon) : `:${named}`;
			if (dot.length + dev.name.length < IFNAMSIZ) ifa.ifa_label = dev.name + dot;
			else ifa.ifa_label = dev.name.slice(0, IFNAMSIZ - dot.length - 1) + dot;
		}
		rtmsg_ifa(RTM_NEWADDR, ifa);
	}
}

/**
 * Announces all addresses of a device by ARP.
 * @kernel net/ipv4/devinet.c:1505 (v5.10)
 */
function inetdev_send_gratuitous_arp(dev: net_device, in_dev: in_device): void {
	const arp_send = ipv4_stub.of(dev.machine).arp_send;
	for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next)
		arp_send(
			ARPOP_REQUEST,
			ETH_P_ARP,
			ifa.ifa_local,
			dev,
			ifa.ifa_local,
			null,
			dev.dev_addr,
			null,
		);
}

/**
 * The loopback device came up: it gets 127.0.0.1/8.
 * @kernel PORT: a block of inetdev_event
 */
function inetdev_loopback_up(dev: net_device, in_dev: in_device): void {
	const ifa = new in_ifaddr();
	ifa.ifa_local = htonl(INADDR_LOOPBACK);
	ifa.ifa_address = ifa.ifa_local;
	ifa.ifa_prefixlen = 8;
	ifa.ifa_mask = inet_make_mask(8);
	in_dev_hold(in_dev);
	ifa.ifa_dev = in_dev;
	ifa.ifa_scope = RT_SCOPE_HOST;
	ifa.ifa_label = dev.name;
	set_ifa_lifetime(ifa, dev.machine.jiffies, INFINITY_LIFE_TIME, INFINITY_LIFE_TIME);
	ipv4_devconf_setall(in_dev);
	neigh_parms_data_state_setall(in_dev.arp_parms!);
	inet_insert_ifa(ifa);
}

/**
 * A device comes, goes or changes.
 * @returns NOTIFY_DONE, or an errno when a new device cannot have IPv4
 * @kernel net/ipv4/devinet.c:1521 (v5.10)
 */
function inetdev_event(event: number, info: netdev_notifier_info): number {
	const dev = netdev_notifier_info_to_dev(info);
	const in_dev = dev.ip_ptr;
	if (in_dev === null) {
		if (event === NETDEV_REGISTER) {
			const made = inetdev_init(dev);
			if (IS_ERR(made)) return notifier_from_errno(made);
			if ((dev.flags & IFF_LOOPBACK) !== 0) {
				IN_DEV_CONF_SET(made, IPV4_DEVCONF_NOXFRM, 1);
				IN_DEV_CONF_SET(made, IPV4_DEVCONF_NOPOLICY, 1);
			}
		} else if (event === NETDEV_CHANGEMTU) {
			if (inetdev_valid_mtu(dev.mtu)) inetdev_init(dev);
		}
		return NOTIFY_DONE;
	}
	switch (event) {
		case NETDEV_REGISTER:
			dev.ip_ptr = null;
			break;
		case NETDEV_UP:
			if (!inetdev_valid_mtu(dev.mtu)) break;
			if ((dev.flags & IFF_LOOPBACK) !== 0) inetdev_loopback_up(dev, in_dev);
			ip_mc_up(in_dev);
			if (IN_DEV_ARP_NOTIFY(in_dev) !== 0) inetdev_send_gratuitous_arp(dev, in_dev);
			break;
		case NETDEV_CHANGEADDR:
			if (IN_DEV_ARP_NOTIFY(in_dev) !== 0) inetdev_send_gratuitous_arp(dev, in_dev);
			break;
		case NETDEV_NOTIFY_PEERS:
			inetdev_send_gratuitous_arp(dev, in_dev);
			break;
		case NETDEV_DOWN:
			ip_mc_down(in_dev);
			break;
		case NETDEV_CHANGEMTU:
			if (!inetdev_valid_mtu(dev.mtu)) inetdev_destroy(in_dev);
			break;
		case NETDEV_UNREGISTER:
			inetdev_destroy(in_dev);
			break;
		case NETDEV_CHANGENAME:
			inetdev_changename(dev, in_dev);
			devinet_sysctl_unregister(in_dev);
			devinet_sysctl_register(in_dev);
			break;
		default:
			break;
	}
	return NOTIFY_DONE;
}

/**
 * Jiffies since boot in hundredths of a second.
 * @kernel net/ipv4/devinet.c:1631 (v5.10)
 */
function cstamp_delta(cstamp: number): number {
	return Math.trunc(((cstamp - 300 * HZ) * 100) / HZ);
}

/**
 * Adds IFA_CACHEINFO.
 * @kernel net/ipv4/devinet.c:1636 (v5.10)
 */
function put_cacheinfo(
	tb: nlattrs,
	cstamp: number,
	tstamp: number,
	preferred: u32,
	valid: u32,
): void {
	const ci = nla_nest_start(tb, IFA_CACHEINFO);
	ci.set(IFA_CACHEINFO_cstamp, cstamp_delta(cstamp));
	ci.set(IFA_CACHEINFO_tstamp, cstamp_delta(tstamp));
	ci.set(IFA_CACHEINFO_prefered, preferred);
	ci.set(IFA_CACHEINFO_valid, valid);
}

/**
 * Describes an address in a message.
 * @param event RTM_NEWADDR or RTM_DELADDR
 * @param flags NLM_F_*
 * @param netnsid id of its namespace when the asker named one, else -1
 * @kernel net/ipv4/devinet.c:1649 (v5.10)
 */
function inet_fill_ifaddr(
	ifa: in_ifaddr,
	event: number,
	flags: number,
	netnsid: number,
): ifaddrmsg_msg {
	const dev = ifa.ifa_dev!.dev;
	const ifm = new ifaddrmsg_msg(event, flags);
	const tb = ifm.tb;
	ifm.ifa_family = AF_INET;
	ifm.ifa_prefixlen = ifa.ifa_prefixlen;
	ifm.ifa_flags = ifa.ifa_flags & 0xff;
	ifm.ifa_scope = ifa.ifa_scope;
	ifm.ifa_index = dev.ifindex;
	if (netnsid >= 0) nla_put_s32(tb, IFA_TARGET_NETNSID, netnsid);
	let preferred = INFINITY_LIFE_TIME;
	let valid = INFINITY_LIFE_TIME;
	if ((ifa.ifa_flags & IFA_F_PERMANENT) === 0) {
		preferred = ifa.ifa_preferred_lft;
		valid = ifa.ifa_valid_lft;
		if (preferred !== INFINITY_LIFE_TIME) {
			const tval = Math.floor((dev.machine.jiffies - ifa.ifa_tstamp) / HZ);
			preferred = preferred > tval ? preferred - tval : 0;
			if (valid !== INFINITY_LIFE_TIME) valid = valid > tval ? valid - tval : 0;
		}
	}
	if (ifa.ifa_address !== 0) nla_put_u32(tb, IFA_ADDRESS, ntohl(ifa.ifa_address));
	if (ifa.ifa_local !== 0) nla_put_u32(tb, IFA_LOCAL, ntohl(ifa.ifa_local));
	if (ifa.ifa_broadcast !== 0) nla_put_u32(tb, IFA_BROADCAST, ntohl(ifa.ifa_broadcast));
	if (ifa.ifa_label !== '') nla_put_string(tb, IFA_LABEL, ifa.ifa_label);
	nla_put_u32(tb, IFA_FLAGS, ifa.ifa_flags);
	if (ifa.ifa_rt_priority !== 0) nla_put_u32(tb, IFA_RT_PRIORITY, ifa.ifa_rt_priority);
	put_cacheinfo(tb, ifa.ifa_cstamp, ifa.ifa_tstamp, preferred, valid);
	return ifm;
}

/**
 * Dumps the addresses of a device.
 * @kernel net/ipv4/devinet.c:1773 (v5.10)
 */
function in_dev_dump_addr(
	in_dev: in_device,
	out: nlmsg[],
	flags: number,
	netnsid: number,
): void {
	for (let ifa = in_dev.ifa_list; ifa !== null; ifa = ifa.ifa_next)
		out.push(inet_fill_ifaddr(ifa, RTM_NEWADDR, flags, netnsid));
}

/**
 * RTM_GETADDR with NLM_F_DUMP.
 * @returns 0, -EINVAL, -ENODEV
 * @kernel net/ipv4/devinet.c:1801 (v5.10)
 */
function inet_dump_ifaddr(
	net: net,
	nlh: nlmsg,
	out: nlmsg[],
	extack: netlink_ext_ack | null,
): number {
	let flags = NLM_F_MULTI;
	let tgt_net = net;
	let netnsid = -1;
	if (!(nlh instanceof ifaddrmsg_msg)) {
		NL_SET_ERR_MSG(extack, 'ipv4: Invalid header for address dump request');
		return -EINVAL;
	}
	if (nlh.ifa_prefixlen !== 0 || nlh.ifa_flags !== 0 || nlh.ifa_scope !== 0) {
		NL_SET_ERR_MSG(extack, 'ipv4: Invalid values in header for address dump request');
		return -EINVAL;
	}
	if (nlh.ifa_index !== 0) flags |= NLM_F_DUMP_FILTERED;
	for (const i of nlh.tb.keys()) {
		if (i !== IFA_TARGET_NETNSID) {
			NL_SET_ERR_MSG(extack, 'ipv4: Unsupported attribute in dump request');
			return -EINVAL;
		}
		netnsid = nla_get_s32(nlh.tb, i) ?? -1;
		const n = rtnl_get_net_ns_capable(net, netnsid);
		if (IS_ERR(n)) {
			NL_SET_ERR_MSG(extack, 'ipv4: Invalid target network namespace id');
			return n;
		}
		tgt_net = n;
	}
	if (nlh.ifa_index !== 0) {
		const dev = __dev_get_by_index(tgt_net, nlh.ifa_index);
		if (dev === null) return -ENODEV;
		if (dev.ip_ptr !== null) in_dev_dump_addr(dev.ip_ptr, out, flags, netnsid);
		return 0;
	}
	const devs = tgt_net.dev_base_head.slice().sort((a, b) => a.ifindex - b.ifindex);
	for (const dev of devs)
		if (dev.ip_ptr !== null) in_dev_dump_addr(dev.ip_ptr, out, flags, netnsid);
	return 0;
}

/**
 * Tells netlink listeners about an address.
 * @param event RTM_NEWADDR or RTM_DELADDR
 * @kernel net/ipv4/devinet.c:1885 (v5.10)
 */
function rtmsg_ifa(event: number, ifa: in_ifaddr): void {
	const net = dev_net(ifa.ifa_dev!.dev);
	if (!rtnl_has_listeners(net, RTNLGRP_IPV4_IFADDR)) return;
	rtnl_notify(net, RTNLGRP_IPV4_IFADDR, inet_fill_ifaddr(ifa, event, 0, -1));
}

/**
 * IPv4's part of a link: its settings.
 * @kernel net/ipv4/devinet.c:1929 (v5.10)
 */
function inet_fill_link_af(dev: net_device): nlattrs | null {
	const in_dev = dev.ip_ptr;
	if (in_dev === null) return null;
	const af: nlattrs = new Map();
	const conf = nla_nest_start(af, IFLA_INET_CONF);
	for (let i = 0; i < IPV4_DEVCONF_MAX; i++) nla_put_u32(conf, i + 1, in_dev.cnf.data[i]);
	return af;
}

/**
 * Checks settings in a link request.
 * @returns 0, -EAFNOSUPPORT, -EINVAL
 * @kernel net/ipv4/devinet.c:1953 (v5.10)
 */
function inet_validate_link_af(dev: net_device | null, attr: nlattrs): number {
	if (dev !== null && dev.ip_ptr === null) return -EAFNOSUPPORT;
	const conf = nla_parse_nested(attr, IFLA_INET_CONF);
	if (conf !== null)
		for (const cfgid of conf.keys())
			if (cfgid <= 0 || cfgid > IPV4_DEVCONF_MAX || nla_get_u32(conf, cfgid) === null)
				return -EINVAL;
	return 0;
}

/**
 * Sets settings by a link request.
 * @returns 0 or -EAFNOSUPPORT
 * @kernel net/ipv4/devinet.c:1982 (v5.10)
 */
function inet_set_link_af(dev: net_device, attr: nlattrs): number {
	const in_dev = dev.ip_ptr;
	if (in_dev === null) return -EAFNOSUPPORT;
	const conf = nla_parse_nested(attr, IFLA_INET_CONF);
	if (conf !== null)
		for (const cfgid of conf.keys())
			ipv4_devconf_set(in_dev, cfgid, nla_get_u32(conf, cfgid) ?? 0);
	return 0;
}

/**
 * Hands a changed default to the devices that have no value of their own.
 * @param i index of data
 * @kernel net/ipv4/devinet.c:2308 (v5.10)
 */
function devinet_copy_dflt_conf(net: net, i: number): void {
	for (const dev of net.dev_base_head) {
		const in_dev = dev.ip_ptr;
		if (in_dev !== null && ((in_dev.cnf.state >>> i) & 1) === 0)
			in_dev.cnf.data[i] = net.ipv4.devconf_dflt!.data[i];
	}
}

/**
 * `ip_forward` was switched: all devices and the default follow.
 * @kernel net/ipv4/devinet.c:2324 (v5.10)
 */
function inet_forward_change(net: net): void {
	const all = net.ipv4.devconf_all!;
	const on = all.data[IPV4_DEVCONF_FORWARDING - 1];
	all.data[IPV4_DEVCONF_ACCEPT_REDIRECTS - 1] = on !== 0 ? 0 : 1;
	net.ipv4.devconf_dflt!.data[IPV4_DEVCONF_FORWARDING - 1] = on;
	for (const dev of net.dev_base_head)
		if (dev.ip_ptr !== null) IN_DEV_CONF_SET(dev.ip_ptr, IPV4_DEVCONF_FORWARDING, on);
}

/**
 * What follows a write to a plain setting.
 * @param i index of data
 * @kernel net/ipv4/devinet.c:2369 (v5.10)
 */
function devinet_conf_proc(
	net: net,
	cnf: ipv4_devconf,
	i: number,
	old_value: number,
	new_value: number,
): void {
	cnf.state = (cnf.state | (1 << i)) >>> 0;
	if (cnf === net.ipv4.devconf_dflt) devinet_copy_dflt_conf(net, i);
	if (
		(i === IPV4_DEVCONF_ACCEPT_LOCAL - 1 || i === IPV4_DEVCONF_ROUTE_LOCALNET - 1) &&
		new_value === 0 &&
		old_value !== 0
	)
		rt_cache_flush(net);
	if (i === IPV4_DEVCONF_BC_FORWARDING - 1 && new_value !== old_value) rt_cache_flush(net);
}

/**
 * What follows a write to a forwarding setting.
 * @kernel net/ipv4/devinet.c:2421 (v5.10)
 */
function devinet_sysctl_forward(
	net: net,
	cnf: ipv4_devconf,
	old_value: number,
	new_value: number,
): void {
	if (new_value === old_value || cnf === net.ipv4.devconf_dflt) return;
	if (cnf === net.ipv4.devconf_all) inet_forward_change(net);
	rt_cache_flush(net);
}

/**
 * What follows a write to a setting that cached routes depend on.
 * @kernel net/ipv4/devinet.c:2464 (v5.10)
 */
function ipv4_doint_and_flush(net: net, old_value: number, new_value: number): void {
	if (old_value !== new_value) rt_cache_flush(net);
}

const DEVINET_RW = 0;
const DEVINET_RO = 1;
const DEVINET_FORWARD = 2;
const DEVINET_FLUSHING = 3;

/** devinet_sysctl: setting, name, kind. */
const devinet_vars: readonly (readonly [number, string, number])[] = [
	[IPV4_DEVCONF_FORWARDING, 'forwarding', DEVINET_FORWARD],
	[IPV4_DEVCONF_MC_FORWARDING, 'mc_forwarding', DEVINET_RO],
	[IPV4_DEVCONF_BC_FORWARDING, 'bc_forwarding', DEVINET_RW],
	[IPV4_DEVCONF_ACCEPT_REDIRECTS, 'accept_redirects', DEVINET_RW],
	[IPV4_DEVCONF_SECURE_REDIRECTS, 'secure_redirects', DEVINET_RW],
	[IPV4_DEVCONF_SHARED_MEDIA, 'shared_media', DEVINET_RW],
	[IPV4_DEVCONF_RP_FILTER, 'rp_filter', DEVINET_RW],
	[IPV4_DEVCONF_SEND_REDIRECTS, 'send_redirects', DEVINET_RW],
	[IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE, 'accept_source_route', DEVINET_RW],
	[IPV4_DEVCONF_ACCEPT_LOCAL, 'accept_local', DEVINET_RW],
	[IPV4_DEVCONF_SRC_VMARK, 'src_valid_mark', DEVINET_RW],
	[IPV4_DEVCONF_PROXY_ARP, 'proxy_arp', DEVINET_RW],
	[IPV4_DEVCONF_MEDIUM_ID, 'medium_id', DEVINET_RW],
	[IPV4_DEVCONF_BOOTP_RELAY, 'bootp_relay', DEVINET_RW],
	[IPV4_DEVCONF_LOG_MARTIANS, 'log_martians', DEVINET_RW],
	[IPV4_DEVCONF_TAG, 'tag', DEVINET_RW],
	[IPV4_DEVCONF_ARPFILTER, 'arp_filter', DEVINET_RW],
	[IPV4_DEVCONF_ARP_ANNOUNCE, 'arp_announce', DEVINET_RW],
	[IPV4_DEVCONF_ARP_IGNORE, 'arp_ignore', DEVINET_RW],
	[IPV4_DEVCONF_ARP_ACCEPT, 'arp_accept', DEVINET_RW],
	[IPV4_DEVCONF_ARP_NOTIFY, 'arp_notify', DEVINET_RW],
	[IPV4_DEVCONF_PROXY_ARP_PVLAN, 'proxy_arp_pvlan', DEVINET_RW],
	[IPV4_DEVCONF_FORCE_IGMP_VERSION, 'force_igmp_version', DEVINET_RW],
	[
		IPV4_DEVCONF_IGMPV2_UNSOLICITED_REPORT_INTERVAL,
		'igmpv2_unsolicited_report_interval',
		DEVINET_RW,
	],
	[
		IPV4_DEVCONF_IGMPV3_UNSOLICITED_REPORT_INTERVAL,
		'igmpv3_unsolicited_report_interval',
		DEVINET_RW,
	],
	[IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN, 'ignore_routes_with_linkdown', DEVINET_RW],
	[IPV4_DEVCONF_DROP_GRATUITOUS_ARP, 'drop_gratuitous_arp', DEVINET_RW],
	[IPV4_DEVCONF_NOXFRM, 'disable_xfrm', DEVINET_FLUSHING],
	[IPV4_DEVCONF_NOPOLICY, 'disable_policy', DEVINET_FLUSHING],
	[IPV4_DEVCONF_PROMOTE_SECONDARIES, 'promote_secondaries', DEVINET_FLUSHING],
	[IPV4_DEVCONF_ROUTE_LOCALNET, 'route_localnet', DEVINET_FLUSHING],
	[
		IPV4_DEVCONF_DROP_UNICAST_IN_L2_MULTICAST,
		'drop_unicast_in_l2_multicast',
		DEVINET_FLUSHING,
	],
];

/**
 * One setting as a sysctl.
 * @param attr IPV4_DEVCONF_*
 * @param kind DEVINET_*
 * @kernel PORT: the macro DEVINET_SYSCTL_ENTRY
 */
function devinet_sysctl_entry(
	net: net,
	p: ipv4_devconf,
	attr: number,
	name: string,
	kind: number,
): ctl_table {
	const i = attr - 1;
	const entry = proc_dointvec(
		name,
		() => p.data[i],
		(v) => {
			const old = p.data[i];
			p.data[i] = v;
			if (kind === DEVINET_FORWARD) devinet_sysctl_forward(net, p, old, v);
			else if (kind === DEVINET_FLUSHING) ipv4_doint_and_flush(net, old, v);
			else devinet_conf_proc(net, p, i, old, v);
		},
	);
	if (kind === DEVINET_RO) entry.mode = 0o444;
	return entry;
}

/**
 * Shows settings under net/ipv4/conf.
 * @param dev_name device name, "all" or "default"
 * @kernel net/ipv4/devinet.c:2553 (v5.10)
 */
function __devinet_sysctl_register(net: net, dev_name: string, p: ipv4_devconf): number {
	p.sysctl = register_net_sysctl(
		net,
		`net/ipv4/conf/${dev_name}`,
		devinet_vars.map(([attr, name, kind]) => devinet_sysctl_entry(net, p, attr, name, kind)),
	);
	return 0;
}

/**
 * Hides settings again.
 * @kernel net/ipv4/devinet.c:2588 (v5.10)
 */
function __devinet_sysctl_unregister(cnf: ipv4_devconf): void {
	const t = cnf.sysctl;
	if (t === null) return;
	cnf.sysctl = null;
	unregister_net_sysctl_table(t);
}

/**
 * Makes a namespace's `all` and `default` from those of the first namespace.
 * @returns 0
 * @kernel net/ipv4/devinet.c:2642 (v5.10)
 */
function devinet_init_net(net: net): number {
	const all = ipv4_devconf_initial(false);
	const dflt = ipv4_devconf_initial(true);
	const init_net = net.machine.init_net;
	if (init_net !== null && init_net !== net) {
		all.data.set(init_net.ipv4.devconf_all!.data);
		all.state = init_net.ipv4.devconf_all!.state;
		dflt.data.set(init_net.ipv4.devconf_dflt!.data);
		dflt.state = init_net.ipv4.devconf_dflt!.state;
	}
	net.ipv4.devconf_all = all;
	net.ipv4.devconf_dflt = dflt;
	__devinet_sysctl_register(net, 'all', all);
	__devinet_sysctl_register(net, 'default', dflt);
	net.ipv4.forw_hdr = register_net_sysctl(net, 'net/ipv4', [
		devinet_sysctl_entry(net, all, IPV4_DEVCONF_FORWARDING, 'ip_forward', DEVINET_FORWARD),
	]);
	return 0;
}

/**
 * Takes a namespace's settings away. PORT: the objects stay, for the loopback device goes last.
 * @kernel net/ipv4/devinet.c:2727 (v5.10)
 */
function devinet_exit_net(net: net): void {
	if (net.ipv4.forw_hdr !== null) unregister_net_sysctl_table(net.ipv4.forw_hdr);
	net.ipv4.forw_hdr = null;
	__devinet_sysctl_unregister(net.ipv4.devconf_dflt!);
	__devinet_sysctl_unregister(net.ipv4.devconf_all!);
}

/**
 * Registers the IPv4 side of devices. After neigh_table_init() of ARP's table.
 * @returns 0
 * @kernel net/ipv4/devinet.c:2757 (v5.10)
 */
export function devinet_init(m: Machine): number {
	register_pernet_subsys(m, { init: devinet_init_net, exit: devinet_exit_net });
	register_netdevice_notifier(m, { notifier_call: inetdev_event, priority: 0 });
	queue_delayed_work(check_lifetime_work.of(m), 0);
	rtnl_af_register(m, {
		family: AF_INET,
		fill_link_af: inet_fill_link_af,
		validate_link_af: inet_validate_link_af,
		set_link_af: inet_set_link_af,
	});
	rtnl_register(m, PF_INET, RTM_NEWADDR, inet_rtm_newaddr, null);
	rtnl_register(m, PF_INET, RTM_DELADDR, inet_rtm_deladdr, null);
	rtnl_register(m, PF_INET, RTM_GETADDR, null, inet_dump_ifaddr);
	return 0;
}
