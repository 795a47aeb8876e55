/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * include/uapi/linux/netfilter_ipv6.h, base v5.10: priorities of IPv6 hooks.
 */

/* enum nf_ip6_hook_priorities */
export const NF_IP6_PRI_FIRST = -0x80000000;
export const NF_IP6_PRI_RAW_BEFORE_DEFRAG = -450;
export const NF_IP6_PRI_CONNTRACK_DEFRAG = -400;
export const NF_IP6_PRI_RAW = -300;
export const NF_IP6_PRI_SELINUX_FIRST = -225;
export const NF_IP6_PRI_CONNTRACK = -200;
export const NF_IP6_PRI_MANGLE = -150;
export const NF_IP6_PRI_NAT_DST = -100;
export const NF_IP6_PRI_FILTER = 0;
export const NF_IP6_PRI_SECURITY = 50;
export const NF_IP6_PRI_NAT_SRC = 100;
export const NF_IP6_PRI_SELINUX_LAST = 225;
export const NF_IP6_PRI_CONNTRACK_HELPER = 300;
export const NF_IP6_PRI_LAST = 0x7fffffff;
