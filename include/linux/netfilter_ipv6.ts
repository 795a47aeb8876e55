/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/netfilter_ipv6.h, base v5.10: hook priorities and extension headers;
 * ip6_route_me_harder() and nf_ip6_route() are in net/ipv6/netfilter.ts, nf_ip6_checksum() in
 * net/netfilter/utils.ts.
 *
 * Not ported: the table of functions for IPv6 built as a module (direct imports serve), ip6_rt_info
 * (queues are absent), syn cookies, fragmenting bridges.
 */
import {
	IPPROTO_AH,
	IPPROTO_DSTOPTS,
	IPPROTO_ESP,
	IPPROTO_FRAGMENT,
	IPPROTO_HOPOPTS,
	IPPROTO_NONE,
	IPPROTO_ROUTING,
} from '../uapi/linux/in.ts';

export * from '../uapi/linux/netfilter_ipv6.ts';

/**
 * Tells whether a next header value announces an extension header.
 * @kernel include/linux/netfilter_ipv6.h:15 (v5.10)
 */
export function nf_ip6_ext_hdr(nexthdr: number): boolean {
	return (
		nexthdr === IPPROTO_HOPOPTS ||
		nexthdr === IPPROTO_ROUTING ||
		nexthdr === IPPROTO_FRAGMENT ||
		nexthdr === IPPROTO_ESP ||
		nexthdr === IPPROTO_AH ||
		nexthdr === IPPROTO_NONE ||
		nexthdr === IPPROTO_DSTOPTS
	);
}
