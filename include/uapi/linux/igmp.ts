/* SPDX-License-Identifier: GPL-2.0+ WITH Linux-syscall-note */
/*
 * include/uapi/linux/igmp.h, base v5.10: offsets of group messages of all three versions, types.
 */
import { htonl } from '../../linux/byteorder/generic.ts';

/* struct igmphdr */
export const IGMPHDR_type = 0;
/** Longest delay of an answer, tenths of a second. */
export const IGMPHDR_code = 1;
export const IGMPHDR_csum = 2;
export const IGMPHDR_group = 4;
/** sizeof(struct igmphdr) */
export const IGMPHDR_LEN = 8;

/* struct igmpv3_grec, a record of a version 3 report */
export const IGMPV3_GREC_type = 0;
export const IGMPV3_GREC_auxwords = 1;
export const IGMPV3_GREC_nsrcs = 2;
export const IGMPV3_GREC_mca = 4;
export const IGMPV3_GREC_src = 8;
/** sizeof(struct igmpv3_grec) */
export const IGMPV3_GREC_LEN = 8;

/* struct igmpv3_report */
export const IGMPV3_REPORT_ngrec = 6;
/** sizeof(struct igmpv3_report) */
export const IGMPV3_REPORT_LEN = 8;

/* struct igmpv3_query */
/** Suppress flag in bit 3, robustness in bits 0-2. */
export const IGMPV3_QUERY_qrv = 8;
export const IGMPV3_QUERY_qqic = 9;
export const IGMPV3_QUERY_nsrcs = 10;
export const IGMPV3_QUERY_srcs = 12;
/** sizeof(struct igmpv3_query) */
export const IGMPV3_QUERY_LEN = 12;

export const IGMPV3_MODE_IS_INCLUDE = 1;
export const IGMPV3_MODE_IS_EXCLUDE = 2;
export const IGMPV3_CHANGE_TO_INCLUDE = 3;
export const IGMPV3_CHANGE_TO_EXCLUDE = 4;
export const IGMPV3_ALLOW_NEW_SOURCES = 5;
export const IGMPV3_BLOCK_OLD_SOURCES = 6;

export const IGMP_HOST_MEMBERSHIP_QUERY = 0x11;
export const IGMP_HOST_MEMBERSHIP_REPORT = 0x12;
export const IGMPV2_HOST_MEMBERSHIP_REPORT = 0x16;
export const IGMP_HOST_LEAVE_MESSAGE = 0x17;
export const IGMPV3_HOST_MEMBERSHIP_REPORT = 0x22;
export const IGMP_MRDISC_ADV = 0x30;

/** Parts of a second that delays count in. */
export const IGMP_TIMER_SCALE = 10;

export const IGMP_ALL_HOSTS = htonl(0xe0000001);
