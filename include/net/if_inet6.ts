/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/if_inet6.h, base v5.10: the IPv6 side of a device and its addresses and groups.
 *
 * PORT: list_head lists of addresses are arrays in list order; the mc and ac lists stay linked.
 * Not ported: sources of groups (see net/ipv6/mcast.ts), temporary addresses, link types other than Ethernet (multicast maps).
 */
import { U32_ZERO } from '../linux/types.ts';
import type { net_device } from '../linux/netdevice.ts';
import type { in6_addr } from '../linux/types.ts';
import type { delayed_work } from '../linux/workqueue.ts';
import type { timer_list } from '../linux/timer.ts';
import type { fib6_info } from './ip6_fib.ts';
import type { neigh_parms } from './neighbour.ts';
import { ipv6_devconf } from '../linux/ipv6.ts';
import { ICMP6_MIB_MAX, IPSTATS_MIB_MAX } from '../uapi/linux/snmp.ts';

/* inet6_dev.if_flags */
export const IF_RA_OTHERCONF = 0x80;
export const IF_RA_MANAGED = 0x40;
export const IF_RA_RCVD = 0x20;
export const IF_RS_SENT = 0x10;
/** PORT: 0x80000000 as a signed word, so that bit operators keep it. */
export const IF_READY = 0x80000000 | 0;

export const IF_PREFIX_ONLINK = 0x01;
export const IF_PREFIX_AUTOCONF = 0x02;

export const INET6_IFADDR_STATE_PREDAD = 0;
export const INET6_IFADDR_STATE_DAD = 1;
export const INET6_IFADDR_STATE_POSTDAD = 2;
export const INET6_IFADDR_STATE_ERRDAD = 3;
export const INET6_IFADDR_STATE_DEAD = 4;

/** An address of a device. */
export class inet6_ifaddr {
	readonly addr: in6_addr = new Uint8Array(16);
	prefix_len = 0;
	rt_priority = 0;

	/** Seconds from tstamp; 0xffffffff for ever. */
	valid_lft = 0;
	prefered_lft = 0;
	refcnt = 1;

	/** INET6_IFADDR_STATE_* */
	state = INET6_IFADDR_STATE_PREDAD;

	/** IFA_F_* */
	flags = 0;
	dad_probes = 0;
	stable_privacy_retry = 0;

	scope = 0;
	/** Six random bytes, all zero for none. PORT: bytes in place of the word they are copied into. */
	readonly dad_nonce = new Uint8Array(6);

	/** Jiffies: created, updated. */
	cstamp = 0;
	tstamp = U32_ZERO;

	dad_work: delayed_work | null = null;

	idev: inet6_dev;
	rt: fib6_info | null = null;

	/** Whether it stands in the address hash, and in the device's list. */
	addr_lst_hashed = false;

	tokenized = false;

	readonly peer_addr: in6_addr = new Uint8Array(16);

	constructor(idev: inet6_dev) {
		this.idev = idev;
	}
}

/** A group a socket joined. */
export class ipv6_mc_socklist {
	readonly addr: in6_addr = new Uint8Array(16);
	ifindex = 0;
	next: ipv6_mc_socklist | null = null;
}

export const MAF_TIMER_RUNNING = 0x01;
export const MAF_LAST_REPORTER = 0x02;
export const MAF_LOADED = 0x04;
export const MAF_NOREPORT = 0x08;

/** A group a device listens to. */
export class ifmcaddr6 {
	readonly mca_addr: in6_addr = new Uint8Array(16);
	idev: inet6_dev;
	next: ifmcaddr6 | null = null;
	/** Reports of a change still to be sent. */
	mca_crcount = 0;
	mca_timer: timer_list | null = null;
	mca_flags = 0;
	mca_users = 0;
	mca_refcnt = 1;
	mca_cstamp = 0;
	mca_tstamp = 0;

	constructor(idev: inet6_dev) {
		this.idev = idev;
	}
}

/** An anycast address a socket joined. */
export class ipv6_ac_socklist {
	readonly acl_addr: in6_addr = new Uint8Array(16);
	acl_ifindex = 0;
	acl_next: ipv6_ac_socklist | null = null;
}

/** An anycast address of a device. */
export class ifacaddr6 {
	readonly aca_addr: in6_addr = new Uint8Array(16);
	aca_rt: fib6_info;
	aca_next: ifacaddr6 | null = null;
	aca_users = 0;
	aca_refcnt = 1;
	aca_cstamp = 0;
	aca_tstamp = 0;

	constructor(aca_rt: fib6_info) {
		this.aca_rt = aca_rt;
	}
}

/* the scope part of an address type, IPV6_ADDR_* */
export const IFA_HOST = 0x0010;
export const IFA_LINK = 0x0020;
export const IFA_SITE = 0x0040;

/** Counters of a device. */
export class ipv6_devstat {
	/** PORT: its name under /proc/net; null while it is not there. */
	proc_dir_entry: string | null = null;
	/** IPSTATS_MIB_* */
	readonly ipv6 = new Float64Array(IPSTATS_MIB_MAX);
	/** ICMP6_MIB_* */
	readonly icmpv6dev = new Float64Array(ICMP6_MIB_MAX);
	/** By type received, and by type sent plus 256. */
	readonly icmpv6msgdev = new Map<number, number>();
}

/** IPv6 side of a device. */
export class inet6_dev {
	dev: net_device;

	/** Widest scope first. */
	readonly addr_list: inet6_ifaddr[] = [];

	mc_list: ifmcaddr6 | null = null;
	mc_tomb: ifmcaddr6 | null = null;

	/** Query Robustness Variable */
	mc_qrv = 0;
	mc_gq_running = 0;
	mc_ifc_count = 0;
	mc_dad_count = 0;

	/** Jiffies until which queriers of version 1 are about. */
	mc_v1_seen = 0;
	/** Query Interval, Query Response Interval, jiffies. */
	mc_qi = 0;
	mc_qri = 0;
	mc_maxdelay = 0;

	mc_gq_timer: timer_list | null = null;
	mc_ifc_timer: timer_list | null = null;
	mc_dad_timer: timer_list | null = null;

	ac_list: ifacaddr6 | null = null;
	refcnt = 1;
	/** IF_* */
	if_flags = 0;
	dead = 0;

	readonly token: in6_addr = new Uint8Array(16);

	nd_parms: neigh_parms | null = null;
	readonly cnf = new ipv6_devconf();
	readonly stats = new ipv6_devstat();

	rs_timer: timer_list | null = null;
	/** Jiffies, signed. */
	rs_interval = 0;
	rs_probes = 0;

	tstamp = U32_ZERO;

	constructor(dev: net_device) {
		this.dev = dev;
	}
}

/**
 * Ethernet group address of a multicast address.
 * @param addr holds the address
 * @param buf takes six bytes
 * @param off where the address starts
 * @kernel include/net/if_inet6.h:209 (v5.10)
 */
export function ipv6_eth_mc_map(addr: Uint8Array, buf: Uint8Array, off = 0): void {
	buf[0] = 0x33;
	buf[1] = 0x33;
	buf[2] = addr[off + 12]!;
	buf[3] = addr[off + 13]!;
	buf[4] = addr[off + 14]!;
	buf[5] = addr[off + 15]!;
}
