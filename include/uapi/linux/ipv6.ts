/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * include/uapi/linux/ipv6.h, base v5.10: offsets of struct ipv6hdr and of the extension headers, indices of
 * the per-device settings.
 *
 * Not ported: type 2 routing header and home address option (mobile IPv6), struct in6_ifreq (ioctl).
 */
import type { in6_addr } from '../../linux/types.ts';

export const IPV6_MIN_MTU = 1280;

/* struct ipv6hdr */
/** Version and upper half of the traffic class. */
export const IPV6HDR_priority = 0;
export const IPV6HDR_flow_lbl = 1;
export const IPV6HDR_payload_len = 4;
export const IPV6HDR_nexthdr = 6;
export const IPV6HDR_hop_limit = 7;
export const IPV6HDR_saddr = 8;
export const IPV6HDR_daddr = 24;
/** sizeof(struct ipv6hdr) */
export const IPV6HDR_LEN = 40;

/** sizeof(struct in6_addr) */
export const IN6_ADDR_LEN = 16;

/* struct ipv6_opt_hdr */
export const IPV6_OPT_HDR_nexthdr = 0;
export const IPV6_OPT_HDR_hdrlen = 1;
/** sizeof(struct ipv6_opt_hdr) */
export const IPV6_OPT_HDR_LEN = 2;

/* struct ipv6_rt_hdr */
export const IPV6_RT_HDR_nexthdr = 0;
export const IPV6_RT_HDR_hdrlen = 1;
export const IPV6_RT_HDR_type = 2;
export const IPV6_RT_HDR_segments_left = 3;
/** sizeof(struct ipv6_rt_hdr) */
export const IPV6_RT_HDR_LEN = 4;

export const IPV6_SRCRT_STRICT = 0x01;
export const IPV6_SRCRT_TYPE_0 = 0;
export const IPV6_SRCRT_TYPE_2 = 2;
export const IPV6_SRCRT_TYPE_3 = 3;
export const IPV6_SRCRT_TYPE_4 = 4;

export const IPV6_OPT_ROUTERALERT_MLD = 0x0000;

/** Ancillary data: source address and interface. */
export class in6_pktinfo {
	readonly ipi6_addr: in6_addr = new Uint8Array(16);
	ipi6_ifindex = 0;
}

export const DEVCONF_FORWARDING = 0;
export const DEVCONF_HOPLIMIT = 1;
export const DEVCONF_MTU6 = 2;
export const DEVCONF_ACCEPT_RA = 3;
export const DEVCONF_ACCEPT_REDIRECTS = 4;
export const DEVCONF_AUTOCONF = 5;
export const DEVCONF_DAD_TRANSMITS = 6;
export const DEVCONF_RTR_SOLICITS = 7;
export const DEVCONF_RTR_SOLICIT_INTERVAL = 8;
export const DEVCONF_RTR_SOLICIT_DELAY = 9;
export const DEVCONF_USE_TEMPADDR = 10;
export const DEVCONF_TEMP_VALID_LFT = 11;
export const DEVCONF_TEMP_PREFERED_LFT = 12;
export const DEVCONF_REGEN_MAX_RETRY = 13;
export const DEVCONF_MAX_DESYNC_FACTOR = 14;
export const DEVCONF_MAX_ADDRESSES = 15;
export const DEVCONF_FORCE_MLD_VERSION = 16;
export const DEVCONF_ACCEPT_RA_DEFRTR = 17;
export const DEVCONF_ACCEPT_RA_PINFO = 18;
export const DEVCONF_ACCEPT_RA_RTR_PREF = 19;
export const DEVCONF_RTR_PROBE_INTERVAL = 20;
export const DEVCONF_ACCEPT_RA_RT_INFO_MAX_PLEN = 21;
export const DEVCONF_PROXY_NDP = 22;
export const DEVCONF_OPTIMISTIC_DAD = 23;
export const DEVCONF_ACCEPT_SOURCE_ROUTE = 24;
export const DEVCONF_MC_FORWARDING = 25;
export const DEVCONF_DISABLE_IPV6 = 26;
export const DEVCONF_ACCEPT_DAD = 27;
export const DEVCONF_FORCE_TLLAO = 28;
export const DEVCONF_NDISC_NOTIFY = 29;
export const DEVCONF_MLDV1_UNSOLICITED_REPORT_INTERVAL = 30;
export const DEVCONF_MLDV2_UNSOLICITED_REPORT_INTERVAL = 31;
export const DEVCONF_SUPPRESS_FRAG_NDISC = 32;
export const DEVCONF_ACCEPT_RA_FROM_LOCAL = 33;
export const DEVCONF_USE_OPTIMISTIC = 34;
export const DEVCONF_ACCEPT_RA_MTU = 35;
export const DEVCONF_STABLE_SECRET = 36;
export const DEVCONF_USE_OIF_ADDRS_ONLY = 37;
export const DEVCONF_ACCEPT_RA_MIN_HOP_LIMIT = 38;
export const DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN = 39;
export const DEVCONF_DROP_UNICAST_IN_L2_MULTICAST = 40;
export const DEVCONF_DROP_UNSOLICITED_NA = 41;
export const DEVCONF_KEEP_ADDR_ON_DOWN = 42;
export const DEVCONF_RTR_SOLICIT_MAX_INTERVAL = 43;
export const DEVCONF_SEG6_ENABLED = 44;
export const DEVCONF_SEG6_REQUIRE_HMAC = 45;
export const DEVCONF_ENHANCED_DAD = 46;
export const DEVCONF_ADDR_GEN_MODE = 47;
export const DEVCONF_DISABLE_POLICY = 48;
export const DEVCONF_ACCEPT_RA_RT_INFO_MIN_PLEN = 49;
export const DEVCONF_NDISC_TCLASS = 50;
export const DEVCONF_RPL_SEG_ENABLED = 51;
export const DEVCONF_MAX = 52;
