// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/igmp.c, base v5.10, as a kernel without CONFIG_IP_MULTICAST has it: the groups that a device listens
 * to, and the check of group messages that bridges snoop.
 *
 * Not ported: what CONFIG_IP_MULTICAST switches on (reports, queries, sockets that join): the kernel that the
 * recorded scenarios come from is built without it, and no program of this tree joins a group. Hence no lists of
 * sources, no hash of groups (a device has two at most), no /proc/net/igmp.
 */
import { get_unaligned_be16, get_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import { ip_mc_list } from '../../include/linux/igmp.ts';
import { __in_dev_put, in_dev_hold, type in_device } from '../../include/linux/inetdevice.ts';
import {
	CHECKSUM_COMPLETE,
	skb_csum_unnecessary,
	type sk_buff,
	skb_network_header_len,
	skb_network_offset,
	skb_transport_offset,
} from '../../include/linux/skbuff.ts';
import type { __be32 } from '../../include/linux/types.ts';
import { csum_fold, ip_fast_csum } from '../../include/net/checksum.ts';
import { ip_eth_mc_map } from '../../include/net/ip.ts';
import { EINVAL, ENOMSG } from '../../include/uapi/linux/errno.ts';
import { ARPHRD_ETHER } from '../../include/uapi/linux/if.ts';
import { ETH_ALEN } from '../../include/uapi/linux/if_ether.ts';
import {
	IGMP_ALL_HOSTS,
	IGMP_HOST_LEAVE_MESSAGE,
	IGMP_HOST_MEMBERSHIP_QUERY,
	IGMP_HOST_MEMBERSHIP_REPORT,
	IGMPHDR_group,
	IGMPHDR_LEN,
	IGMPHDR_type,
	IGMPV2_HOST_MEMBERSHIP_REPORT,
	IGMPV3_HOST_MEMBERSHIP_REPORT,
	IGMPV3_QUERY_LEN,
	IGMPV3_REPORT_LEN,
} from '../../include/uapi/linux/igmp.ts';
import { IPPROTO_IGMP } from '../../include/uapi/linux/in.ts';
import {
	IPHDR_daddr,
	IPHDR_LEN,
	IPHDR_protocol,
	IPHDR_tot_len,
} from '../../include/uapi/linux/ip.ts';
import { dev_mc_add, dev_mc_del } from '../core/dev_addr_lists.ts';
import {
	__skb_checksum_complete,
	kfree_skb,
	pskb_may_pull,
	skb_checksum_trimmed,
} from '../core/skbuff.ts';

/**
 * Bytes behind the IPv4 header, by its total length.
 * @kernel PORT: inline of include/linux/ip.h:34 ip_transport_len
 */
export function ip_transport_len(skb: sk_buff): number {
	return (
		get_unaligned_be16(skb.head, skb.network_header + IPHDR_tot_len) - skb_network_header_len(skb)
	);
}

/**
 * Pulls bytes, no more than the IPv4 packet has.
 * @param len bytes from data on
 * @returns whether they are there
 * @kernel PORT: inline of include/linux/igmp.h:105, include/ does not import net/
 */
export function ip_mc_may_pull(skb: sk_buff, len: number): boolean {
	if (skb_transport_offset(skb) + ip_transport_len(skb) < len) return false;
	return pskb_may_pull(skb, len);
}

/**
 * Drops a reference on a device's group. The device has others as long as it has groups.
 * @kernel net/ipv4/igmp.c:167 (v5.10)
 */
function ip_ma_put(im: ip_mc_list): void {
	if (--im.refcnt === 0) __in_dev_put(im.interface);
}

/**
 * Lets a group pass a device's filter.
 * @kernel net/ipv4/igmp.c:1129 (v5.10)
 */
function ip_mc_filter_add(in_dev: in_device, addr: __be32): void {
	const { dev } = in_dev;
	if (dev.type !== ARPHRD_ETHER) return;
	const buf = new Uint8Array(ETH_ALEN);
	ip_eth_mc_map(addr, buf);
	dev_mc_add(dev, buf);
}

/**
 * Ends ip_mc_filter_add().
 * @kernel net/ipv4/igmp.c:1149 (v5.10)
 */
function ip_mc_filter_del(in_dev: in_device, addr: __be32): void {
	const { dev } = in_dev;
	if (dev.type !== ARPHRD_ETHER) return;
	const buf = new Uint8Array(ETH_ALEN);
	ip_eth_mc_map(addr, buf);
	dev_mc_del(dev, buf);
}

/**
 * A device leaves a group.
 * @kernel net/ipv4/igmp.c:1276 (v5.10)
 */
function __igmp_group_dropped(im: ip_mc_list): void {
	if (im.loaded === 0) return;
	im.loaded = 0;
	ip_mc_filter_del(im.interface, im.multiaddr);
}

/**
 * A device joins a group.
 * @kernel net/ipv4/igmp.c:1319 (v5.10)
 */
function igmp_group_added(im: ip_mc_list): void {
	if (im.loaded !== 0) return;
	im.loaded = 1;
	ip_mc_filter_add(im.interface, im.multiaddr);
}

/**
 * Joins a group on a device, or counts one more user.
 * @kernel net/ipv4/igmp.c:1468 (v5.10)
 */
export function __ip_mc_inc_group(in_dev: in_device, addr: __be32): void {
	for (let im = in_dev.mc_list; im !== null; im = im.next) {
		if (im.multiaddr === addr) {
			im.users++;
			return;
		}
	}
	const im = new ip_mc_list(in_dev, addr);
	in_dev_hold(in_dev);
	im.next = in_dev.mc_list;
	in_dev.mc_count++;
	in_dev.mc_list = im;
	igmp_group_added(im);
}

/**
 * Checks an IPv4 header and finds what stands behind it.
 * @returns 0 or -EINVAL
 * @kernel net/ipv4/igmp.c:1480 (v5.10)
 */
function ip_mc_check_iphdr(skb: sk_buff): number {
	let offset = skb_network_offset(skb) + IPHDR_LEN;
	if (!pskb_may_pull(skb, offset)) return -EINVAL;

	const vihl = skb.head[skb.network_header];
	const hdrlen = (vihl & 0xf) * 4;
	if (vihl >> 4 !== 4 || hdrlen < IPHDR_LEN) return -EINVAL;

	offset += hdrlen - IPHDR_LEN;
	if (!pskb_may_pull(skb, offset)) return -EINVAL;

	if (ip_fast_csum(skb.view, skb.network_header, vihl & 0xf) !== 0) return -EINVAL;

	const len =
		skb_network_offset(skb) + get_unaligned_be16(skb.head, skb.network_header + IPHDR_tot_len);
	if (skb.len < len || len < offset) return -EINVAL;

	skb.transport_header = skb.data + offset;
	return 0;
}

/**
 * Checks a report of version 3.
 * @returns 0 or -EINVAL
 * @kernel net/ipv4/igmp.c:1513 (v5.10)
 */
function ip_mc_check_igmp_reportv3(skb: sk_buff): number {
	return ip_mc_may_pull(skb, skb_transport_offset(skb) + IGMPV3_REPORT_LEN) ? 0 : -EINVAL;
}

/**
 * Checks a query: of a length that a version has, a general one to all hosts.
 * @returns 0 or -EINVAL
 * @kernel net/ipv4/igmp.c:1522 (v5.10)
 */
function ip_mc_check_igmp_query(skb: sk_buff): number {
	const transport_len = ip_transport_len(skb);
	if (transport_len !== IGMPHDR_LEN) {
		if (transport_len < IGMPV3_QUERY_LEN) return -EINVAL;
		if (!ip_mc_may_pull(skb, skb_transport_offset(skb) + IGMPV3_QUERY_LEN)) return -EINVAL;
	}
	if (
		get_unaligned_be32(skb.head, skb.transport_header + IGMPHDR_group) === 0 &&
		get_unaligned_be32(skb.head, skb.network_header + IPHDR_daddr) !== IGMP_ALL_HOSTS
	)
		return -EINVAL;
	return 0;
}

/**
 * Checks a message by its type.
 * @returns 0, -EINVAL, -ENOMSG for a type that is none of groups
 * @kernel net/ipv4/igmp.c:1548 (v5.10)
 */
function ip_mc_check_igmp_msg(skb: sk_buff): number {
	switch (skb.head[skb.transport_header + IGMPHDR_type]) {
		case IGMP_HOST_LEAVE_MESSAGE:
		case IGMP_HOST_MEMBERSHIP_REPORT:
		case IGMPV2_HOST_MEMBERSHIP_REPORT:
			return 0;
		case IGMPV3_HOST_MEMBERSHIP_REPORT:
			return ip_mc_check_igmp_reportv3(skb);
		case IGMP_HOST_MEMBERSHIP_QUERY:
			return ip_mc_check_igmp_query(skb);
		default:
			return -ENOMSG;
	}
}

/**
 * Checks the checksum of a message, which has no pseudo header.
 * @param skb data at the message
 * @returns 0 when right
 * @kernel net/ipv4/igmp.c:1564 (v5.10)
 */
function ip_mc_validate_checksum(skb: sk_buff): number {
	skb.csum_valid = false;
	if (skb_csum_unnecessary(skb)) {
		skb.csum_valid = true;
		return 0;
	}
	if (skb.ip_summed === CHECKSUM_COMPLETE && csum_fold(skb.csum) === 0) {
		skb.csum_valid = true;
		return 0;
	}
	skb.csum = 0;
	const csum = __skb_checksum_complete(skb);
	skb.csum_valid = csum === 0;
	return csum;
}

/**
 * Checks length and checksum of a message.
 * @returns 0 or -EINVAL
 * @kernel net/ipv4/igmp.c:1569 (v5.10)
 */
function ip_mc_check_igmp_csum(skb: sk_buff): number {
	if (!ip_mc_may_pull(skb, skb_transport_offset(skb) + IGMPHDR_LEN)) return -EINVAL;

	const skb_chk = skb_checksum_trimmed(skb, ip_transport_len(skb), ip_mc_validate_checksum);
	if (skb_chk === null) return -EINVAL;

	if (skb_chk !== skb) kfree_skb(skb_chk);
	return 0;
}

/**
 * Tells whether a packet is a sane group message, and finds its header.
 * @param skb its network header is set; stays the caller's
 * @returns 0; -EINVAL for a broken packet; -ENOMSG for one that is no group message
 * @kernel net/ipv4/igmp.c:1604 (v5.10)
 */
export function ip_mc_check_igmp(skb: sk_buff): number {
	let ret = ip_mc_check_iphdr(skb);
	if (ret < 0) return ret;

	if (skb.head[skb.network_header + IPHDR_protocol] !== IPPROTO_IGMP) return -ENOMSG;

	ret = ip_mc_check_igmp_csum(skb);
	if (ret < 0) return ret;

	return ip_mc_check_igmp_msg(skb);
}

/**
 * Counts one user of a device's group less; the last one leaves it.
 * @kernel net/ipv4/igmp.c:1659 (v5.10)
 */
export function __ip_mc_dec_group(in_dev: in_device, addr: __be32): void {
	let prev: ip_mc_list | null = null;
	for (let i = in_dev.mc_list; i !== null; prev = i, i = i.next) {
		if (i.multiaddr !== addr) continue;
		if (--i.users !== 0) return;
		if (prev !== null) prev.next = i.next;
		else in_dev.mc_list = i.next;
		in_dev.mc_count--;
		__igmp_group_dropped(i);
		ip_ma_put(i);
		return;
	}
}

/**
 * Takes the groups off a device that goes down.
 * @kernel net/ipv4/igmp.c:1717 (v5.10)
 */
export function ip_mc_down(in_dev: in_device): void {
	for (let pmc = in_dev.mc_list; pmc !== null; pmc = pmc.next) __igmp_group_dropped(pmc);
	__ip_mc_dec_group(in_dev, IGMP_ALL_HOSTS);
}

/**
 * Puts the groups on a device that comes up.
 * @kernel net/ipv4/igmp.c:1768 (v5.10)
 */
export function ip_mc_up(in_dev: in_device): void {
	__ip_mc_inc_group(in_dev, IGMP_ALL_HOSTS);
	for (let pmc = in_dev.mc_list; pmc !== null; pmc = pmc.next) igmp_group_added(pmc);
}

/**
 * Ends the groups of a device.
 * @kernel net/ipv4/igmp.c:1789 (v5.10)
 */
export function ip_mc_destroy_dev(in_dev: in_device): void {
	ip_mc_down(in_dev);
	for (let i = in_dev.mc_list; i !== null; i = in_dev.mc_list) {
		in_dev.mc_list = i.next;
		in_dev.mc_count--;
		ip_ma_put(i);
	}
}

/**
 * Tells whether a device listens to a group.
 * @param mc_addr network order
 * @kernel net/ipv4/igmp.c:2688 (v5.10)
 */
export function ip_check_mc_rcu(in_dev: in_device, mc_addr: __be32): boolean {
	for (let im = in_dev.mc_list; im !== null; im = im.next) if (im.multiaddr === mc_addr) return true;
	return false;
}
