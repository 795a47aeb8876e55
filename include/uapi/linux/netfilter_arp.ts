/* SPDX-License-Identifier: GPL-1.0+ WITH Linux-syscall-note */
/*
 * include/uapi/linux/netfilter_arp.h, base v5.10: hooks of ARP.
 */
export const NF_ARP_IN = 0;
export const NF_ARP_OUT = 1;
export const NF_ARP_FORWARD = 2;
export const NF_ARP_NUMHOOKS = 3;
