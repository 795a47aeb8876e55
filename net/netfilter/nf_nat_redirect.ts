// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_nat_redirect.c, base v5.10: destination NAT to the receiving machine itself.
 */
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { __in_dev_get_rcu } from '../../include/linux/inetdevice.ts';
import { in6addr_loopback } from '../../include/linux/in6.ts';
import { __in6_dev_get } from '../../include/net/addrconf.ts';
import { INADDR_LOOPBACK } from '../../include/uapi/linux/in.ts';
import {
	NF_DROP,
	NF_INET_LOCAL_OUT,
	NF_INET_PRE_ROUTING,
} from '../../include/uapi/linux/netfilter.ts';
import {
	IP_CT_NEW,
	IP_CT_RELATED,
} from '../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import { NF_NAT_RANGE_MAP_IPS } from '../../include/uapi/linux/netfilter/nf_nat.ts';
import {
	NF_NAT_MANIP_DST,
	nf_nat_range2,
	type nf_nat_ipv4_multi_range_compat,
} from '../../include/net/netfilter/nf_nat.ts';
import { nf_nat_setup_info } from './nf_nat_core.ts';

/**
 * Settles destination NAT of an IPv4 connection to the receiving device's first address, of a local one to
 * 127.0.0.1.
 * @param mr ports and flags
 * @returns a verdict; NF_DROP when the device has no address
 * @kernel net/netfilter/nf_nat_redirect.c:28 (v5.10)
 */
export function nf_nat_redirect_ipv4(
	skb: sk_buff,
	mr: nf_nat_ipv4_multi_range_compat,
	hooknum: number,
): number {
	const m = skb.machine;
	const ct = skb._nfct;
	if (hooknum !== NF_INET_PRE_ROUTING && hooknum !== NF_INET_LOCAL_OUT)
		m.record('WARN', 'nf_nat_redirect_ipv4', `hook ${hooknum}`, skb);
	if (ct === null || (skb.nfctinfo !== IP_CT_NEW && skb.nfctinfo !== IP_CT_RELATED))
		m.record('WARN', 'nf_nat_redirect_ipv4', `ctinfo ${skb.nfctinfo}`, skb);
	if (ct === null) return NF_DROP;

	let newdst: number;
	if (hooknum === NF_INET_LOCAL_OUT) {
		newdst = INADDR_LOOPBACK;
	} else {
		newdst = __in_dev_get_rcu(skb.dev!)?.ifa_list?.ifa_local ?? 0;
		if (newdst === 0) return NF_DROP;
	}

	const [range] = mr.range;
	const newrange = new nf_nat_range2();
	newrange.flags = range.flags | NF_NAT_RANGE_MAP_IPS;
	newrange.min_addr.ip = newdst;
	newrange.max_addr.ip = newdst;
	newrange.min_proto = range.min;
	newrange.max_proto = range.max;
	return nf_nat_setup_info(ct, newrange, NF_NAT_MANIP_DST);
}

/**
 * Settles destination NAT of an IPv6 connection to the receiving device's first address, of a local one to ::1.
 * @param range ports and flags
 * @returns a verdict; NF_DROP when the device has no address
 * @kernel net/netfilter/nf_nat_redirect.c:81 (v5.10)
 */
export function nf_nat_redirect_ipv6(
	skb: sk_buff,
	range: Readonly<nf_nat_range2>,
	hooknum: number,
): number {
	const ct = skb._nfct;
	if (ct === null) return NF_DROP;
	const newrange = new nf_nat_range2();
	if (hooknum === NF_INET_LOCAL_OUT) {
		newrange.min_addr.set_in6(in6addr_loopback);
	} else {
		const idev = __in6_dev_get(skb.dev!);
		if (idev === null || idev.addr_list.length === 0) return NF_DROP;
		newrange.min_addr.set_in6(idev.addr_list[0].addr);
	}
	newrange.flags = range.flags | NF_NAT_RANGE_MAP_IPS;
	newrange.max_addr.copy(newrange.min_addr);
	newrange.min_proto = range.min_proto;
	newrange.max_proto = range.max_proto;
	return nf_nat_setup_info(ct, newrange, NF_NAT_MANIP_DST);
}
