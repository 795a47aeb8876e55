/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/inetdevice.h, base v5.10: the IPv4 side of a device.
 *
 * PORT: IN_DEV_CONF_GET(in_dev, FORWARDING) is written with the whole name of the constant.
 * __in_dev_get_rtnl() is __in_dev_get_rcu(). ip_dev_find and in_dev_put live at the top of
 * net/ipv4/devinet.ts.
 * Not ported: timers and lists of IGMP as a host speaks it (see net/ipv4/igmp.ts).
 */
import type { ip_mc_list } from './igmp.ts';
import type { ctl_table_header } from './sysctl.ts';
import type { net_device } from './netdevice.ts';
import type { netlink_ext_ack } from './netlink.ts';
import { U32_ZERO } from './types.ts';
import type { __be32, u32 } from './types.ts';
import { htonl, ntohl } from './byteorder/generic.ts';
import type { net } from '../net/net_namespace.ts';
import type { neigh_parms } from '../net/neighbour.ts';
import {
	IPV4_DEVCONF_ACCEPT_LOCAL,
	IPV4_DEVCONF_ACCEPT_REDIRECTS,
	IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE,
	IPV4_DEVCONF_ARPFILTER,
	IPV4_DEVCONF_ARP_ACCEPT,
	IPV4_DEVCONF_ARP_ANNOUNCE,
	IPV4_DEVCONF_ARP_IGNORE,
	IPV4_DEVCONF_ARP_NOTIFY,
	IPV4_DEVCONF_BC_FORWARDING,
	IPV4_DEVCONF_FORWARDING,
	IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN,
	IPV4_DEVCONF_LOG_MARTIANS,
	IPV4_DEVCONF_MAX,
	IPV4_DEVCONF_MC_FORWARDING,
	IPV4_DEVCONF_MEDIUM_ID,
	IPV4_DEVCONF_PROMOTE_SECONDARIES,
	IPV4_DEVCONF_PROXY_ARP,
	IPV4_DEVCONF_PROXY_ARP_PVLAN,
	IPV4_DEVCONF_ROUTE_LOCALNET,
	IPV4_DEVCONF_RP_FILTER,
	IPV4_DEVCONF_SECURE_REDIRECTS,
	IPV4_DEVCONF_SEND_REDIRECTS,
	IPV4_DEVCONF_SHARED_MEDIA,
	IPV4_DEVCONF_SRC_VMARK,
} from '../uapi/linux/ip.ts';

/** Settings of one device, of `all`, or of `default`. */
export class ipv4_devconf {
	sysctl: ctl_table_header | null = null;
	/** IPV4_DEVCONF_x at index IPV4_DEVCONF_x - 1. */
	readonly data = new Int32Array(IPV4_DEVCONF_MAX);
	/** Bit per word of data: set for this device, so `default` does not change it. */
	state: u32 = 0;
}

/** An address of a device. */
export class in_ifaddr {
	/** Next of the same hash. */
	hash_next: in_ifaddr | null = null;
	ifa_next: in_ifaddr | null = null;
	ifa_dev: in_device | null = null;
	ifa_local: __be32 = U32_ZERO as __be32;
	/** Peer of a point-to-point link, else the same as ifa_local. */
	ifa_address: __be32 = U32_ZERO as __be32;
	ifa_mask: __be32 = U32_ZERO as __be32;
	ifa_rt_priority: u32 = 0;
	ifa_broadcast: __be32 = htonl(0);
	ifa_scope = 0;
	ifa_prefixlen = 0;
	/** IFA_F_* */
	ifa_flags: u32 = 0;
	ifa_label = '';
	/** Seconds since ifa_tstamp, 0xffffffff for ever. */
	ifa_valid_lft: u32 = 0;
	ifa_preferred_lft: u32 = 0;
	/** Jiffies. */
	ifa_cstamp = 0;
	ifa_tstamp = 0;
}

/** The IPv4 side of a device. */
export class in_device {
	dev: net_device;
	refcnt = 1;
	dead = 0;
	ifa_list: in_ifaddr | null = null;
	/** Groups it listens to, newest first. */
	mc_list: ip_mc_list | null = null;
	mc_count = 0;
	arp_parms: neigh_parms | null = null;
	readonly cnf = new ipv4_devconf();

	constructor(dev: net_device) {
		this.dev = dev;
	}
}

/** What an address validator gets. */
export class in_validator_info {
	ivi_addr: __be32;
	ivi_dev: in_device;
	extack: netlink_ext_ack | null;

	constructor(addr: __be32, dev: in_device, extack: netlink_ext_ack | null) {
		this.ivi_addr = addr;
		this.ivi_dev = dev;
		this.extack = extack;
	}
}

/**
 * A setting of a set of settings.
 * @param attr IPV4_DEVCONF_*
 * @kernel include/linux/inetdevice.h:53 (v5.10)
 */
export function IPV4_DEVCONF(cnf: ipv4_devconf, attr: number): number {
	return cnf.data[attr - 1];
}

/**
 * A setting of `all`.
 * @param attr IPV4_DEVCONF_*
 * @kernel include/linux/inetdevice.h:54 (v5.10)
 */
export function IPV4_DEVCONF_ALL(net: net, attr: number): number {
	return net.ipv4.devconf_all!.data[attr - 1];
}

/**
 * A device's own setting.
 * @param index IPV4_DEVCONF_*
 * @kernel include/linux/inetdevice.h:57 (v5.10)
 */
export function ipv4_devconf_get(in_dev: in_device, index: number): number {
	return in_dev.cnf.data[index - 1];
}

/**
 * Changes a device's own setting.
 * @param index IPV4_DEVCONF_*
 * @kernel include/linux/inetdevice.h:63 (v5.10)
 */
export function ipv4_devconf_set(in_dev: in_device, index: number, val: number): void {
	in_dev.cnf.state = (in_dev.cnf.state | (1 << (index - 1))) >>> 0;
	in_dev.cnf.data[index - 1] = val;
}

/**
 * Marks all of a device's settings as its own.
 * @kernel include/linux/inetdevice.h:71 (v5.10)
 */
export function ipv4_devconf_setall(in_dev: in_device): void {
	in_dev.cnf.state = 0xffffffff;
}

/**
 * A device's own setting.
 * @param attr IPV4_DEVCONF_*
 * @kernel include/linux/inetdevice.h:76 (v5.10)
 */
export function IN_DEV_CONF_GET(in_dev: in_device, attr: number): number {
	return in_dev.cnf.data[attr - 1];
}

/**
 * Changes a device's own setting.
 * @param attr IPV4_DEVCONF_*
 * @kernel include/linux/inetdevice.h:78 (v5.10)
 */
export function IN_DEV_CONF_SET(in_dev: in_device, attr: number, val: number): void {
	ipv4_devconf_set(in_dev, attr, val);
}

/**
 * Set for `all` and for the device.
 * @param attr IPV4_DEVCONF_*
 * @kernel include/linux/inetdevice.h:81 (v5.10)
 */
export function IN_DEV_ANDCONF(in_dev: in_device, attr: number): boolean {
	return (
		IPV4_DEVCONF_ALL(in_dev.dev.nd_net, attr) !== 0 && IN_DEV_CONF_GET(in_dev, attr) !== 0
	);
}

/**
 * Set for `all` of a namespace or for the device.
 * @param attr IPV4_DEVCONF_*
 * @kernel include/linux/inetdevice.h:85 (v5.10)
 */
export function IN_DEV_NET_ORCONF(in_dev: in_device, net: net, attr: number): boolean {
	return IPV4_DEVCONF_ALL(net, attr) !== 0 || IN_DEV_CONF_GET(in_dev, attr) !== 0;
}

/**
 * Set for `all` or for the device.
 * @param attr IPV4_DEVCONF_*
 * @kernel include/linux/inetdevice.h:89 (v5.10)
 */
export function IN_DEV_ORCONF(in_dev: in_device, attr: number): boolean {
	return IN_DEV_NET_ORCONF(in_dev, in_dev.dev.nd_net, attr);
}

/**
 * The larger of the values of `all` and of the device.
 * @param attr IPV4_DEVCONF_*
 * @kernel include/linux/inetdevice.h:92 (v5.10)
 */
export function IN_DEV_MAXCONF(in_dev: in_device, attr: number): number {
	return Math.max(IPV4_DEVCONF_ALL(in_dev.dev.nd_net, attr), IN_DEV_CONF_GET(in_dev, attr));
}

/**
 * Forwards what comes in here?
 * @kernel include/linux/inetdevice.h:96 (v5.10)
 */
export function IN_DEV_FORWARD(in_dev: in_device): boolean {
	return IN_DEV_CONF_GET(in_dev, IPV4_DEVCONF_FORWARDING) !== 0;
}

/**
 * Forwards multicast?
 * @kernel include/linux/inetdevice.h:97 (v5.10)
 */
export function IN_DEV_MFORWARD(in_dev: in_device): boolean {
	return IN_DEV_ANDCONF(in_dev, IPV4_DEVCONF_MC_FORWARDING);
}

/**
 * Forwards directed broadcasts?
 * @kernel include/linux/inetdevice.h:98 (v5.10)
 */
export function IN_DEV_BFORWARD(in_dev: in_device): boolean {
	return IN_DEV_ANDCONF(in_dev, IPV4_DEVCONF_BC_FORWARDING);
}

/**
 * Reverse path filter: 0 off, 1 strict, 2 loose.
 * @kernel include/linux/inetdevice.h:99 (v5.10)
 */
export function IN_DEV_RPFILTER(in_dev: in_device): number {
	return IN_DEV_MAXCONF(in_dev, IPV4_DEVCONF_RP_FILTER);
}

/**
 * Does the mark count in the reverse lookup?
 * @kernel include/linux/inetdevice.h:100 (v5.10)
 */
export function IN_DEV_SRC_VMARK(in_dev: in_device): boolean {
	return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_SRC_VMARK);
}

/**
 * Accepts source-routed packets?
 * @kernel include/linux/inetdevice.h:101 (v5.10)
 */
export function IN_DEV_SOURCE_ROUTE(in_dev: in_device): boolean {
	return IN_DEV_ANDCONF(in_dev, IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE);
}

/**
 * Accepts packets that come in with a local source address?
 * @kernel include/linux/inetdevice.h:103 (v5.10)
 */
export function IN_DEV_ACCEPT_LOCAL(in_dev: in_device): boolean {
	return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_ACCEPT_LOCAL);
}

/**
 * Logs packets with impossible addresses?
 * @kernel include/linux/inetdevice.h:106 (v5.10)
 */
export function IN_DEV_LOG_MARTIANS(in_dev: in_device): boolean {
	return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_LOG_MARTIANS);
}

/**
 * Answers ARP for others?
 * @kernel include/linux/inetdevice.h:107 (v5.10)
 */
export function IN_DEV_PROXY_ARP(in_dev: in_device): boolean {
	return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_PROXY_ARP);
}

/**
 * Answers ARP for others on the same private VLAN?
 * @kernel include/linux/inetdevice.h:108 (v5.10)
 */
export function IN_DEV_PROXY_ARP_PVLAN(in_dev: in_device): boolean {
	return IN_DEV_CONF_GET(in_dev, IPV4_DEVCONF_PROXY_ARP_PVLAN) !== 0;
}

/**
 * May several networks share the link?
 * @kernel include/linux/inetdevice.h:109 (v5.10)
 */
export function IN_DEV_SHARED_MEDIA(in_dev: in_device): boolean {
	return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_SHARED_MEDIA);
}

/**
 * Sends ICMP redirects?
 * @kernel include/linux/inetdevice.h:110 (v5.10)
 */
export function IN_DEV_TX_REDIRECTS(in_dev: in_device): boolean {
	return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_SEND_REDIRECTS);
}

/**
 * Accepts redirects only to known gateways?
 * @kernel include/linux/inetdevice.h:111 (v5.10)
 */
export function IN_DEV_SEC_REDIRECTS(in_dev: in_device): boolean {
	return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_SECURE_REDIRECTS);
}

/**
 * Medium the device is attached to; 0 unknown.
 * @kernel include/linux/inetdevice.h:114 (v5.10)
 */
export function IN_DEV_MEDIUM_ID(in_dev: in_device): number {
	return IN_DEV_CONF_GET(in_dev, IPV4_DEVCONF_MEDIUM_ID);
}

/**
 * Does a secondary address take over when its primary goes?
 * @kernel include/linux/inetdevice.h:115 (v5.10)
 */
export function IN_DEV_PROMOTE_SECONDARIES(in_dev: in_device): boolean {
	return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_PROMOTE_SECONDARIES);
}

/**
 * Routes 127.0.0.0/8 like any other network?
 * @kernel include/linux/inetdevice.h:118 (v5.10)
 */
export function IN_DEV_ROUTE_LOCALNET(in_dev: in_device): boolean {
	return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_ROUTE_LOCALNET);
}

/**
 * The same, asked for a namespace at hand.
 * @kernel include/linux/inetdevice.h:119 (v5.10)
 */
export function IN_DEV_NET_ROUTE_LOCALNET(in_dev: in_device, net: net): boolean {
	return IN_DEV_NET_ORCONF(in_dev, net, IPV4_DEVCONF_ROUTE_LOCALNET);
}

/**
 * Follows ICMP redirects?
 * @kernel include/linux/inetdevice.h:122 (v5.10)
 */
export function IN_DEV_RX_REDIRECTS(in_dev: in_device): boolean {
	return IN_DEV_FORWARD(in_dev)
		? IN_DEV_ANDCONF(in_dev, IPV4_DEVCONF_ACCEPT_REDIRECTS)
		: IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_ACCEPT_REDIRECTS);
}

/**
 * Leaves out routes over a link without carrier?
 * @kernel include/linux/inetdevice.h:128 (v5.10)
 */
export function IN_DEV_IGNORE_ROUTES_WITH_LINKDOWN(in_dev: in_device): boolean {
	return IN_DEV_CONF_GET(in_dev, IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN) !== 0;
}

/**
 * Answers ARP only where the route back goes?
 * @kernel include/linux/inetdevice.h:131 (v5.10)
 */
export function IN_DEV_ARPFILTER(in_dev: in_device): boolean {
	return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_ARPFILTER);
}

/**
 * Learns from unasked ARP?
 * @kernel include/linux/inetdevice.h:132 (v5.10)
 */
export function IN_DEV_ARP_ACCEPT(in_dev: in_device): boolean {
	return IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_ARP_ACCEPT);
}

/**
 * Source address of ARP requests: 0 any, 1 of the target's network, 2 the best.
 * @kernel include/linux/inetdevice.h:133 (v5.10)
 */
export function IN_DEV_ARP_ANNOUNCE(in_dev: in_device): number {
	return IN_DEV_MAXCONF(in_dev, IPV4_DEVCONF_ARP_ANNOUNCE);
}

/**
 * Which ARP requests are not answered.
 * @kernel include/linux/inetdevice.h:134 (v5.10)
 */
export function IN_DEV_ARP_IGNORE(in_dev: in_device): number {
	return IN_DEV_MAXCONF(in_dev, IPV4_DEVCONF_ARP_IGNORE);
}

/**
 * Announces addresses when the device comes up?
 * @kernel include/linux/inetdevice.h:135 (v5.10)
 */
export function IN_DEV_ARP_NOTIFY(in_dev: in_device): number {
	return IN_DEV_MAXCONF(in_dev, IPV4_DEVCONF_ARP_NOTIFY);
}

/**
 * Tells whether an address is in the network of an interface address.
 * @param addr network order
 * @kernel include/linux/inetdevice.h:189 (v5.10)
 */
export function inet_ifa_match(addr: __be32, ifa: in_ifaddr): boolean {
	return ((addr ^ ifa.ifa_address) & ifa.ifa_mask) === 0;
}

/**
 * Tells whether a mask is not contiguous or does not cover the address's bits.
 * @param mask network order
 * @param addr network order
 * @kernel include/linux/inetdevice.h:198 (v5.10)
 */
export function bad_mask(mask: __be32, addr: __be32): boolean {
	const hmask = ~ntohl(mask) >>> 0;
	if ((addr & hmask) !== 0) return true;
	return (hmask & (hmask + 1)) !== 0;
}

/**
 * IPv4 side of a device, null when it has none.
 * @kernel include/linux/inetdevice.h:217 (v5.10)
 */
export function __in_dev_get_rcu(dev: net_device): in_device | null {
	return dev.ip_ptr;
}

/**
 * IPv4 side of a device with a reference.
 * @kernel include/linux/inetdevice.h:222 (v5.10)
 */
export function in_dev_get(dev: net_device): in_device | null {
	const in_dev = dev.ip_ptr;
	if (in_dev !== null) in_dev.refcnt++;
	return in_dev;
}

/**
 * IPv4 side of a device, null when it has none.
 * @kernel include/linux/inetdevice.h:234 (v5.10)
 */
export function __in_dev_get_rtnl(dev: net_device): in_device | null {
	return dev.ip_ptr;
}

/**
 * Does the device leave out routes over a link without carrier?
 * @kernel include/linux/inetdevice.h:240 (v5.10)
 */
export function ip_ignore_linkdown(dev: net_device): boolean {
	const in_dev = dev.ip_ptr;
	return in_dev !== null && IN_DEV_IGNORE_ROUTES_WITH_LINKDOWN(in_dev);
}

/**
 * ARP parameters of a device.
 * @kernel include/linux/inetdevice.h:253 (v5.10)
 */
export function __in_dev_arp_parms_get_rcu(dev: net_device): neigh_parms | null {
	return dev.ip_ptr?.arp_parms ?? null;
}

/**
 * Drops a reference that is not the last one.
 * @kernel include/linux/inetdevice.h:268 (v5.10)
 */
export function __in_dev_put(idev: in_device): void {
	idev.refcnt--;
}

/**
 * Takes a reference.
 * @kernel include/linux/inetdevice.h:269 (v5.10)
 */
export function in_dev_hold(idev: in_device): void {
	idev.refcnt++;
}

/**
 * Mask of a prefix length.
 * @param logmask 0..32
 * @returns network order
 * @kernel include/linux/inetdevice.h:273 (v5.10)
 */
export function inet_make_mask(logmask: number): __be32 {
	return logmask !== 0 ? htonl(~((1 << (32 - logmask)) - 1)) : htonl(0);
}

/**
 * Prefix length of a mask.
 * @param mask network order
 * @kernel include/linux/inetdevice.h:280 (v5.10)
 */
export function inet_mask_len(mask: __be32): number {
	const hmask = ntohl(mask);
	if (hmask === 0) return 0;
	/* 32 minus the number of trailing zeros */
	return 32 - (31 - Math.clz32(hmask & -hmask));
}
