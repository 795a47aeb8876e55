/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/netfilter_ipv4.h, base v5.10: hook priorities; ip_route_me_harder() is in
 * net/ipv4/netfilter.ts, nf_ip_checksum() in net/netfilter/utils.ts.
 *
 * Not ported: ip_rt_info, which serves packets that come back from user space (queues are absent).
 */
export * from '../uapi/linux/netfilter_ipv4.ts';
