/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * include/uapi/linux/netfilter_bridge.h, base v5.10: hooks and priorities of the bridge family.
 */
export const NF_BR_PRE_ROUTING = 0;
export const NF_BR_LOCAL_IN = 1;
export const NF_BR_FORWARD = 2;
export const NF_BR_LOCAL_OUT = 3;
export const NF_BR_POST_ROUTING = 4;
export const NF_BR_BROUTING = 5;
export const NF_BR_NUMHOOKS = 6;

export const NF_BR_PRI_FIRST = -0x80000000;
export const NF_BR_PRI_NAT_DST_BRIDGED = -300;
export const NF_BR_PRI_FILTER_BRIDGED = -200;
export const NF_BR_PRI_BRNF = 0;
export const NF_BR_PRI_NAT_DST_OTHER = 100;
export const NF_BR_PRI_FILTER_OTHER = 200;
export const NF_BR_PRI_NAT_SRC = 300;
export const NF_BR_PRI_LAST = 0x7fffffff;
