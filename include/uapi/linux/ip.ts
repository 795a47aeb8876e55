/* SPDX-License-Identifier: GPL-2.0+ WITH Linux-syscall-note */
/*
 * include/uapi/linux/ip.h, base v5.10: offsets of struct iphdr and option numbers.
 */
export const IPHDR_tos = 1;
export const IPHDR_tot_len = 2;
export const IPHDR_id = 4;
export const IPHDR_frag_off = 6;
export const IPHDR_ttl = 8;
export const IPHDR_protocol = 9;
export const IPHDR_check = 10;
export const IPHDR_saddr = 12;
export const IPHDR_daddr = 16;
/** sizeof(struct iphdr) */
export const IPHDR_LEN = 20;

export const IPVERSION = 4;
export const MAXTTL = 255;
export const IPDEFTTL = 64;

export const IPTOS_TOS_MASK = 0x1e;
export const IPTOS_PREC_MASK = 0xe0;
export const IPTOS_RT_MASK = IPTOS_TOS_MASK & ~3;
export const IPTOS_LOWDELAY = 0x10;
export const IPTOS_PREC_INTERNETCONTROL = 0xc0;

export const IPOPT_COPY = 0x80;
export const IPOPT_END = 0;
export const IPOPT_NOOP = 1;
export const IPOPT_SEC = 2 | IPOPT_COPY;
export const IPOPT_CIPSO = 6 | IPOPT_COPY;
export const IPOPT_LSRR = 3 | IPOPT_COPY;
export const IPOPT_TIMESTAMP = 4 | 0x40;
export const IPOPT_RR = 7;
export const IPOPT_SID = 8 | IPOPT_COPY;
export const IPOPT_SSRR = 9 | IPOPT_COPY;
export const IPOPT_RA = 20 | IPOPT_COPY;

export const IPOPT_TS_TSONLY = 0;
export const IPOPT_TS_TSANDADDR = 1;
export const IPOPT_TS_PRESPEC = 3;
export const MAX_IPOPTLEN = 40;

/* settings of an IPv4 device, ipv4_devconf.data[IPV4_DEVCONF_x - 1] */
export const IPV4_DEVCONF_FORWARDING = 1;
export const IPV4_DEVCONF_MC_FORWARDING = 2;
export const IPV4_DEVCONF_PROXY_ARP = 3;
export const IPV4_DEVCONF_ACCEPT_REDIRECTS = 4;
export const IPV4_DEVCONF_SECURE_REDIRECTS = 5;
export const IPV4_DEVCONF_SEND_REDIRECTS = 6;
export const IPV4_DEVCONF_SHARED_MEDIA = 7;
export const IPV4_DEVCONF_RP_FILTER = 8;
export const IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE = 9;
export const IPV4_DEVCONF_BOOTP_RELAY = 10;
export const IPV4_DEVCONF_LOG_MARTIANS = 11;
export const IPV4_DEVCONF_TAG = 12;
export const IPV4_DEVCONF_ARPFILTER = 13;
export const IPV4_DEVCONF_MEDIUM_ID = 14;
export const IPV4_DEVCONF_NOXFRM = 15;
export const IPV4_DEVCONF_NOPOLICY = 16;
export const IPV4_DEVCONF_FORCE_IGMP_VERSION = 17;
export const IPV4_DEVCONF_ARP_ANNOUNCE = 18;
export const IPV4_DEVCONF_ARP_IGNORE = 19;
export const IPV4_DEVCONF_PROMOTE_SECONDARIES = 20;
export const IPV4_DEVCONF_ARP_ACCEPT = 21;
export const IPV4_DEVCONF_ARP_NOTIFY = 22;
export const IPV4_DEVCONF_ACCEPT_LOCAL = 23;
export const IPV4_DEVCONF_SRC_VMARK = 24;
export const IPV4_DEVCONF_PROXY_ARP_PVLAN = 25;
export const IPV4_DEVCONF_ROUTE_LOCALNET = 26;
export const IPV4_DEVCONF_IGMPV2_UNSOLICITED_REPORT_INTERVAL = 27;
export const IPV4_DEVCONF_IGMPV3_UNSOLICITED_REPORT_INTERVAL = 28;
export const IPV4_DEVCONF_IGNORE_ROUTES_WITH_LINKDOWN = 29;
export const IPV4_DEVCONF_DROP_UNICAST_IN_L2_MULTICAST = 30;
export const IPV4_DEVCONF_DROP_GRATUITOUS_ARP = 31;
export const IPV4_DEVCONF_BC_FORWARDING = 32;
export const IPV4_DEVCONF_MAX = 32;
