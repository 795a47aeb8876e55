/* SPDX-License-Identifier: GPL-2.0 */
/*
 * net/netfilter/nf_internals.h, base v5.10: which parts of a tuple a netlink filter names.
 */
export const CTA_FILTER_F_CTA_IP_SRC = 1 << 0;
export const CTA_FILTER_F_CTA_IP_DST = 1 << 1;
export const CTA_FILTER_F_CTA_TUPLE_ZONE = 1 << 2;
export const CTA_FILTER_F_CTA_PROTO_NUM = 1 << 3;
export const CTA_FILTER_F_CTA_PROTO_SRC_PORT = 1 << 4;
export const CTA_FILTER_F_CTA_PROTO_DST_PORT = 1 << 5;
export const CTA_FILTER_F_CTA_PROTO_ICMP_TYPE = 1 << 6;
export const CTA_FILTER_F_CTA_PROTO_ICMP_CODE = 1 << 7;
export const CTA_FILTER_F_CTA_PROTO_ICMP_ID = 1 << 8;
export const CTA_FILTER_F_CTA_PROTO_ICMPV6_TYPE = 1 << 9;
export const CTA_FILTER_F_CTA_PROTO_ICMPV6_CODE = 1 << 10;
export const CTA_FILTER_F_CTA_PROTO_ICMPV6_ID = 1 << 11;
export const CTA_FILTER_F_MAX = 1 << 12;
export const CTA_FILTER_F_ALL = CTA_FILTER_F_MAX - 1;
