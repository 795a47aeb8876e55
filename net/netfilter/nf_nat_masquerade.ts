// SPDX-License-Identifier: GPL-2.0
/*
 * net/netfilter/nf_nat_masquerade.c, base v5.10: source NAT to whatever address the leaving device has, and
 * forgetting connections when the device or the address goes.
 *
 * Not ported: the limit of sixteen waiting works for IPv6 addresses (a work is an object like others here).
 */
import type { net } from '../../include/net/net_namespace.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import {
	NETDEV_DOWN,
	netdev_notifier_info_to_dev,
	type net_device,
	type netdev_notifier_info,
} from '../../include/linux/netdevice.ts';
import type { in_ifaddr } from '../../include/linux/inetdevice.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import { NOTIFY_DONE, type notifier_block } from '../../include/linux/notifier.ts';
import { schedule_work, work_struct } from '../../include/linux/workqueue.ts';
import { get_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import { ip_hdr } from '../../include/linux/ip.ts';
import { ipv6_hdr } from '../../include/linux/ipv6.ts';
import type { inet6_ifaddr } from '../../include/net/if_inet6.ts';
import { rt_nexthop, type rtable } from '../../include/net/route.ts';
import { IPHDR_daddr } from '../../include/uapi/linux/ip.ts';
import { IPV6HDR_daddr } from '../../include/uapi/linux/ipv6.ts';
import { RT_SCOPE_UNIVERSE } from '../../include/uapi/linux/rtnetlink.ts';
import { NF_ACCEPT, NF_DROP, NF_INET_POST_ROUTING } from '../../include/uapi/linux/netfilter.ts';
import {
	IP_CT_NEW,
	IP_CT_RELATED,
	IP_CT_RELATED_REPLY,
} from '../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import {
	IP_CT_DIR_ORIGINAL,
	IP_CT_DIR_REPLY,
} from '../../include/uapi/linux/netfilter/nf_conntrack_tuple_common.ts';
import { NF_NAT_RANGE_MAP_IPS } from '../../include/uapi/linux/netfilter/nf_nat.ts';
import { nf_ct_net, type nf_conn } from '../../include/net/netfilter/nf_conntrack.ts';
import { NF_NAT_MANIP_SRC, nf_nat_range2, nfct_nat } from '../../include/net/netfilter/nf_nat.ts';
import { register_netdevice_notifier, unregister_netdevice_notifier } from '../core/dev.ts';
import {
	inet_select_addr,
	register_inetaddr_notifier,
	unregister_inetaddr_notifier,
} from '../ipv4/devinet.ts';
import { ipv6_dev_get_saddr } from '../ipv6/addrconf.ts';
import {
	register_inet6addr_notifier,
	unregister_inet6addr_notifier,
} from '../ipv6/addrconf_core.ts';
import { nf_ct_iterate_cleanup_net } from './nf_conntrack_core.ts';
import { nf_ct_nat_ext_add, nf_nat_setup_info } from './nf_nat_core.ts';

/** Users of the notifiers. */
const masq_refcnt = machine_var(() => ({ value: 0 }));

/**
 * Tells whether a packet's connection may still be settled.
 * @kernel PORT: the WARN_ON of both masquerading functions
 */
function masq_ct_ok(skb: sk_buff, place: string): boolean {
	const ok =
		skb._nfct !== null &&
		(skb.nfctinfo === IP_CT_NEW ||
			skb.nfctinfo === IP_CT_RELATED ||
			skb.nfctinfo === IP_CT_RELATED_REPLY);
	if (!ok) skb.machine.record('WARN', place, `ctinfo ${skb.nfctinfo}`, skb);
	return ok;
}

/**
 * Settles source NAT of an IPv4 connection to an address of the leaving device.
 * @param range ports and flags
 * @returns a verdict; NF_DROP when the device has no address
 * @kernel net/netfilter/nf_nat_masquerade.c:16 (v5.10)
 */
export function nf_nat_masquerade_ipv4(
	skb: sk_buff,
	hooknum: number,
	range: Readonly<nf_nat_range2>,
	out: net_device,
): number {
	const m = skb.machine;
	if (hooknum !== NF_INET_POST_ROUTING)
		m.record('WARN', 'nf_nat_masquerade_ipv4', `hook ${hooknum}`, skb);
	const ct = skb._nfct;
	if (!masq_ct_ok(skb, 'nf_nat_masquerade_ipv4') && ct === null) return NF_ACCEPT;

	/* A local packet that has no address yet. */
	if (ct!.tuplehash_of(IP_CT_DIR_ORIGINAL).tuple.src_u3_ip === 0) return NF_ACCEPT;

	const rt = skb._dst as rtable;
	const nh = rt_nexthop(rt, get_unaligned_be32(skb.head, ip_hdr(skb) + IPHDR_daddr));
	const newsrc = inet_select_addr(out, nh, RT_SCOPE_UNIVERSE);
	if (newsrc === 0) {
		m.printk(`${out.name} ate my IP address`);
		return NF_DROP;
	}

	const nat = nf_ct_nat_ext_add(ct!);
	if (nat !== null) nat.masq_index = out.ifindex;

	const newrange = new nf_nat_range2();
	newrange.flags = range.flags | NF_NAT_RANGE_MAP_IPS;
	newrange.min_addr.ip = newsrc;
	newrange.max_addr.ip = newsrc;
	newrange.min_proto = range.min_proto;
	newrange.max_proto = range.max_proto;
	return nf_nat_setup_info(ct!, newrange, NF_NAT_MANIP_SRC);
}

/**
 * Chooses connections that were masqueraded for a device.
 * @kernel net/netfilter/nf_nat_masquerade.c:66 (v5.10)
 */
function device_cmp(i: nf_conn, ifindex: number): boolean {
	const nat = nfct_nat(i);
	if (nat === null) return false;
	return nat.masq_index === ifindex;
}

/**
 * A device goes down: its connections go.
 * @kernel net/netfilter/nf_nat_masquerade.c:75 (v5.10)
 */
function masq_device_event(event: number, ptr: netdev_notifier_info): number {
	const dev = netdev_notifier_info_to_dev(ptr);
	if (event === NETDEV_DOWN)
		nf_ct_iterate_cleanup_net(dev.nd_net, device_cmp, dev.ifindex, 0, 0);
	return NOTIFY_DONE;
}

/**
 * Chooses connections that were masqueraded with an IPv4 address.
 * @kernel net/netfilter/nf_nat_masquerade.c:95 (v5.10)
 */
function inet_cmp(ct: nf_conn, ifa: in_ifaddr): boolean {
	if (!device_cmp(ct, ifa.ifa_dev!.dev.ifindex)) return false;
	return ifa.ifa_address === ct.tuplehash_of(IP_CT_DIR_REPLY).tuple.dst_u3_ip;
}

/**
 * An IPv4 address goes: its connections go.
 * @kernel net/netfilter/nf_nat_masquerade.c:109 (v5.10)
 */
function masq_inet_event(event: number, ptr: in_ifaddr): number {
	const idev = ptr.ifa_dev!;
	/* When the device goes, that is noticed by itself. */
	if (idev.dead !== 0) return NOTIFY_DONE;
	if (event === NETDEV_DOWN) nf_ct_iterate_cleanup_net(idev.dev.nd_net, inet_cmp, ptr, 0, 0);
	return NOTIFY_DONE;
}

const masq_dev_notifier: notifier_block<netdev_notifier_info> = {
	notifier_call: masq_device_event,
	priority: 0,
};

const masq_inet_notifier: notifier_block<in_ifaddr> = {
	notifier_call: masq_inet_event,
	priority: 0,
};

/* variables on the stack in C */
const in6_vars = machine_var(() => ({ daddr: new Uint8Array(16), saddr: new Uint8Array(16) }));

/**
 * Settles source NAT of an IPv6 connection to an address of the leaving device.
 * @param range ports and flags
 * @returns a verdict; NF_DROP when the device has no address
 * @kernel net/netfilter/nf_nat_masquerade.c:159 (v5.10)
 */
export function nf_nat_masquerade_ipv6(
	skb: sk_buff,
	range: Readonly<nf_nat_range2>,
	out: net_device,
): number {
	const ct = skb._nfct;
	if (!masq_ct_ok(skb, 'nf_nat_masquerade_ipv6') && ct === null) return NF_ACCEPT;

	const newrange = new nf_nat_range2();
	const { daddr, saddr } = in6_vars.of(skb.machine);
	const at = ipv6_hdr(skb) + IPV6HDR_daddr;
	for (let i = 0; i < 16; i++) daddr[i] = skb.head[at + i];
	if (ipv6_dev_get_saddr(nf_ct_net(ct!), out, daddr, 0, saddr) < 0) return NF_DROP;

	const nat = nf_ct_nat_ext_add(ct!);
	if (nat !== null) nat.masq_index = out.ifindex;

	newrange.flags = range.flags | NF_NAT_RANGE_MAP_IPS;
	newrange.min_addr.set_in6(saddr);
	newrange.max_addr.set_in6(saddr);
	newrange.min_proto = range.min_proto;
	newrange.max_proto = range.max_proto;
	return nf_nat_setup_info(ct!, newrange, NF_NAT_MANIP_SRC);
}

/** An IPv6 address that went, for the work that looks for its connections. */
class masq_dev_work {
	readonly net: net;
	readonly addr: Uint8Array;
	readonly ifindex: number;

	constructor(net: net, addr: Uint8Array, ifindex: number) {
		this.net = net;
		this.addr = addr;
		this.ifindex = ifindex;
	}
}

/**
 * Chooses connections that were masqueraded with an IPv6 address.
 * @kernel net/netfilter/nf_nat_masquerade.c:197 (v5.10)
 */
function inet6_cmp(ct: nf_conn, w: masq_dev_work): boolean {
	if (!device_cmp(ct, w.ifindex)) return false;
	const { tuple } = ct.tuplehash_of(IP_CT_DIR_REPLY);
	for (let i = 0; i < 4; i++)
		if (tuple.dst_u3_word(i) !== get_unaligned_be32(w.addr, 4 * i)) return false;
	return true;
}

/**
 * Removes the connections of an IPv6 address that went.
 * @kernel net/netfilter/nf_nat_masquerade.c:210 (v5.10)
 */
function iterate_cleanup_work(w: masq_dev_work): void {
	nf_ct_iterate_cleanup_net(w.net, inet6_cmp, w, 0, 0);
}

/**
 * An IPv6 address goes: a work removes its connections.
 * @kernel net/netfilter/nf_nat_masquerade.c:231 (v5.10)
 */
function masq_inet6_event(event: number, ifa: inet6_ifaddr): number {
	if (event !== NETDEV_DOWN) return NOTIFY_DONE;
	const dev = ifa.idev.dev;
	const w = new masq_dev_work(dev.nd_net, ifa.addr.slice(), dev.ifindex);
	schedule_work(new work_struct(dev.machine, () => iterate_cleanup_work(w)));
	return NOTIFY_DONE;
}

const masq_inet6_notifier: notifier_block<inet6_ifaddr> = {
	notifier_call: masq_inet6_event,
	priority: 0,
};

/**
 * Begins to listen for devices and addresses that go; the first user's call counts.
 * @returns 0 or what registering says
 * @kernel net/netfilter/nf_nat_masquerade.c:281 (v5.10)
 */
export function nf_nat_masquerade_inet_register_notifiers(m: Machine): number {
	const refcnt = masq_refcnt.of(m);
	if (++refcnt.value > 1) return 0;

	let ret = register_netdevice_notifier(m, masq_dev_notifier);
	if (ret !== 0) {
		refcnt.value--;
		return ret;
	}
	ret = register_inetaddr_notifier(m, masq_inet_notifier);
	if (ret !== 0) {
		unregister_netdevice_notifier(m, masq_dev_notifier);
		refcnt.value--;
		return ret;
	}
	ret = register_inet6addr_notifier(m, masq_inet6_notifier);
	if (ret !== 0) {
		unregister_inetaddr_notifier(m, masq_inet_notifier);
		unregister_netdevice_notifier(m, masq_dev_notifier);
		refcnt.value--;
	}
	return ret;
}

/**
 * Ends listening after the last user.
 * @kernel net/netfilter/nf_nat_masquerade.c:322 (v5.10)
 */
export function nf_nat_masquerade_inet_unregister_notifiers(m: Machine): void {
	if (--masq_refcnt.of(m).value > 0) return;
	unregister_netdevice_notifier(m, masq_dev_notifier);
	unregister_inetaddr_notifier(m, masq_inet_notifier);
	unregister_inet6addr_notifier(m, masq_inet6_notifier);
}
