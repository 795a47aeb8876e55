// SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note
/*
 * include/uapi/linux/rtnetlink.h, base v5.10: message types, route attributes, groups, and the headers of
 * the messages as classes.
 *
 * PORT: a message is an nlmsg subclass with the members of its C header. Attribute values:
 *   IPv4 addresses     numbers (RTA_DST, RTA_GATEWAY, RTA_PREFSRC...); IPv6 addresses 16 bytes.
 *   RTA_METRICS        a nest, RTAX_* -> number (RTAX_CC_ALGO: string).
 *   RTA_MULTIPATH      a list of nests, one per next hop: attributes RTA_GATEWAY, RTA_VIA, RTA_FLOW, and the
 *                      members of struct rtnexthop under RTNH_FLAGS, RTNH_HOPS (weight - 1), RTNH_IFINDEX.
 *   RTA_VIA            a nest: RTVIA_FAMILY, RTVIA_ADDR (number or 16 bytes).
 *   RTA_CACHEINFO      a nest keyed by RTA_CACHEINFO_*, times in hundredths of a second.
 * RTAX_* are in include/net/dst.ts and exported from here too.
 * Not ported: qdiscs, classes, filters, address labels, netconf, statistics groups, next hop objects.
 */
import { nlmsg, type nlattrs } from '../../net/netlink.ts';
import {
	RTAX_FEATURE_ALLFRAG,
	RTAX_FEATURE_ECN,
	RTAX_FEATURE_SACK,
	RTAX_FEATURE_TIMESTAMP,
} from '../../net/dst.ts';

export {
	RTAX_LOCK,
	RTAX_MTU,
	RTAX_WINDOW,
	RTAX_RTT,
	RTAX_RTTVAR,
	RTAX_SSTHRESH,
	RTAX_CWND,
	RTAX_ADVMSS,
	RTAX_REORDERING,
	RTAX_HOPLIMIT,
	RTAX_INITCWND,
	RTAX_FEATURES,
	RTAX_RTO_MIN,
	RTAX_INITRWND,
	RTAX_QUICKACK,
	RTAX_CC_ALGO,
	RTAX_FASTOPEN_NO_COOKIE,
	RTAX_MAX,
	RTAX_FEATURE_ECN,
	RTAX_FEATURE_SACK,
	RTAX_FEATURE_TIMESTAMP,
	RTAX_FEATURE_ALLFRAG,
} from '../../net/dst.ts';

export const RTM_BASE = 16;
export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;
export const RTM_SETLINK = 19;
export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
export const RTM_GETADDR = 22;
export const RTM_NEWROUTE = 24;
export const RTM_DELROUTE = 25;
export const RTM_GETROUTE = 26;
export const RTM_NEWNEIGH = 28;
export const RTM_DELNEIGH = 29;
export const RTM_GETNEIGH = 30;
export const RTM_NEWRULE = 32;
export const RTM_DELRULE = 33;
export const RTM_GETRULE = 34;
export const RTM_NEWNETCONF = 80;
export const RTM_DELNETCONF = 81;
export const RTM_GETNETCONF = 82;
export const RTM_NEWMDB = 84;
export const RTM_DELMDB = 85;
export const RTM_GETMDB = 86;
export const RTM_NEWNSID = 88;
export const RTM_DELNSID = 89;
export const RTM_GETNSID = 90;
export const RTM_NEWLINKPROP = 108;
export const RTM_DELLINKPROP = 109;
export const RTM_GETLINKPROP = 110;
export const RTM_NEWVLAN = 112;
export const RTM_DELVLAN = 113;
export const RTM_GETVLAN = 114;
export const RTM_MAX = 115;

export const RTN_UNSPEC = 0;
export const RTN_UNICAST = 1;
export const RTN_LOCAL = 2;
export const RTN_BROADCAST = 3;
export const RTN_ANYCAST = 4;
export const RTN_MULTICAST = 5;
export const RTN_BLACKHOLE = 6;
export const RTN_UNREACHABLE = 7;
export const RTN_PROHIBIT = 8;
export const RTN_THROW = 9;
export const RTN_NAT = 10;
export const RTN_XRESOLVE = 11;
export const RTN_MAX = 11;

export const RT_SCOPE_UNIVERSE = 0;
export const RT_SCOPE_SITE = 200;
export const RT_SCOPE_LINK = 253;
export const RT_SCOPE_HOST = 254;
export const RT_SCOPE_NOWHERE = 255;

export const RT_TABLE_UNSPEC = 0;
export const RT_TABLE_COMPAT = 252;
export const RT_TABLE_DEFAULT = 253;
export const RT_TABLE_MAIN = 254;
export const RT_TABLE_LOCAL = 255;
export const RT_TABLE_MAX = 4294967295;

export const RTA_UNSPEC = 0;
export const RTA_DST = 1;
export const RTA_SRC = 2;
export const RTA_IIF = 3;
export const RTA_OIF = 4;
export const RTA_GATEWAY = 5;
export const RTA_PRIORITY = 6;
export const RTA_PREFSRC = 7;
export const RTA_METRICS = 8;
export const RTA_MULTIPATH = 9;
export const RTA_PROTOINFO = 10;
export const RTA_FLOW = 11;
export const RTA_CACHEINFO = 12;
export const RTA_SESSION = 13;
export const RTA_MP_ALGO = 14;
export const RTA_TABLE = 15;
export const RTA_MARK = 16;
export const RTA_MFC_STATS = 17;
export const RTA_VIA = 18;
export const RTA_NEWDST = 19;
export const RTA_PREF = 20;
export const RTA_ENCAP_TYPE = 21;
export const RTA_ENCAP = 22;
export const RTA_EXPIRES = 23;
export const RTA_PAD = 24;
export const RTA_UID = 25;
export const RTA_TTL_PROPAGATE = 26;
export const RTA_IP_PROTO = 27;
export const RTA_SPORT = 28;
export const RTA_DPORT = 29;
export const RTA_NH_ID = 30;
export const RTA_MAX = 30;

export const RTNLGRP_NONE = 0;
export const RTNLGRP_LINK = 1;
export const RTNLGRP_NOTIFY = 2;
export const RTNLGRP_NEIGH = 3;
export const RTNLGRP_TC = 4;
export const RTNLGRP_IPV4_IFADDR = 5;
export const RTNLGRP_IPV4_MROUTE = 6;
export const RTNLGRP_IPV4_ROUTE = 7;
export const RTNLGRP_IPV4_RULE = 8;
export const RTNLGRP_IPV6_IFADDR = 9;
export const RTNLGRP_IPV6_MROUTE = 10;
export const RTNLGRP_IPV6_ROUTE = 11;
export const RTNLGRP_IPV6_IFINFO = 12;
export const RTNLGRP_DECnet_IFADDR = 13;
export const RTNLGRP_NOP2 = 14;
export const RTNLGRP_DECnet_ROUTE = 15;
export const RTNLGRP_DECnet_RULE = 16;
export const RTNLGRP_NOP4 = 17;
export const RTNLGRP_IPV6_PREFIX = 18;
export const RTNLGRP_IPV6_RULE = 19;
export const RTNLGRP_ND_USEROPT = 20;
export const RTNLGRP_PHONET_IFADDR = 21;
export const RTNLGRP_PHONET_ROUTE = 22;
export const RTNLGRP_DCB = 23;
export const RTNLGRP_IPV4_NETCONF = 24;
export const RTNLGRP_IPV6_NETCONF = 25;
export const RTNLGRP_MDB = 26;
export const RTNLGRP_MPLS_ROUTE = 27;
export const RTNLGRP_NSID = 28;
export const RTNLGRP_MPLS_NETCONF = 29;
export const RTNLGRP_IPV4_MROUTE_R = 30;
export const RTNLGRP_IPV6_MROUTE_R = 31;
export const RTNLGRP_NEXTHOP = 32;
export const RTNLGRP_BRVLAN = 33;

export const RTPROT_UNSPEC = 0;
export const RTPROT_REDIRECT = 1;
export const RTPROT_KERNEL = 2;
export const RTPROT_BOOT = 3;
export const RTPROT_STATIC = 4;
export const RTPROT_GATED = 8;
export const RTPROT_RA = 9;
export const RTPROT_MRT = 10;
export const RTPROT_ZEBRA = 11;
export const RTPROT_BIRD = 12;
export const RTPROT_DNROUTED = 13;
export const RTPROT_XORP = 14;
export const RTPROT_NTK = 15;
export const RTPROT_DHCP = 16;
export const RTPROT_MROUTED = 17;
export const RTPROT_KEEPALIVED = 18;
export const RTPROT_BABEL = 42;
export const RTPROT_BGP = 186;
export const RTPROT_ISIS = 187;
export const RTPROT_OSPF = 188;
export const RTPROT_RIP = 189;
export const RTPROT_EIGRP = 192;

export const RTM_F_NOTIFY = 0x100;
export const RTM_F_CLONED = 0x200;
export const RTM_F_EQUALIZE = 0x400;
export const RTM_F_PREFIX = 0x800;
export const RTM_F_LOOKUP_TABLE = 0x1000;
export const RTM_F_FIB_MATCH = 0x2000;
export const RTM_F_OFFLOAD = 0x4000;
export const RTM_F_TRAP = 0x8000;

export const RTNH_F_DEAD = 1;
export const RTNH_F_PERVASIVE = 2;
export const RTNH_F_ONLINK = 4;
export const RTNH_F_OFFLOAD = 8;
export const RTNH_F_LINKDOWN = 16;
export const RTNH_F_UNRESOLVED = 32;
export const RTNH_COMPARE_MASK = RTNH_F_DEAD | RTNH_F_LINKDOWN | RTNH_F_OFFLOAD;

export const RTAX_FEATURE_MASK =
	RTAX_FEATURE_ECN | RTAX_FEATURE_SACK | RTAX_FEATURE_TIMESTAMP | RTAX_FEATURE_ALLFRAG;

export const RTEXT_FILTER_VF = 1 << 0;
export const RTEXT_FILTER_BRVLAN = 1 << 1;
export const RTEXT_FILTER_BRVLAN_COMPRESSED = 1 << 2;
export const RTEXT_FILTER_SKIP_STATS = 1 << 3;
export const RTEXT_FILTER_MRP = 1 << 4;

/* members of struct rtnexthop in a nest of RTA_MULTIPATH */
export const RTNH_FLAGS = -1;
export const RTNH_HOPS = -2;
export const RTNH_IFINDEX = -3;

/* members of struct rtvia */
export const RTVIA_FAMILY = 0;
export const RTVIA_ADDR = 1;

/* positions in struct rta_cacheinfo */
export const RTA_CACHEINFO_clntref = 0;
export const RTA_CACHEINFO_lastuse = 1;
export const RTA_CACHEINFO_expires = 2;
export const RTA_CACHEINFO_error = 3;
export const RTA_CACHEINFO_used = 4;
export const RTA_CACHEINFO_id = 5;
export const RTA_CACHEINFO_ts = 6;
export const RTA_CACHEINFO_tsage = 7;

/** struct ifinfomsg behind the header: RTM_*LINK. */
export class ifinfomsg_msg extends nlmsg {
	/** AF_UNSPEC, or AF_BRIDGE for the bridge's own requests. */
	ifi_family = 0;
	/** ARPHRD_* */
	ifi_type = 0;
	ifi_index = 0;
	/** IFF_* */
	ifi_flags = 0;
	/** Which flags to change. */
	ifi_change = 0;

	/**
	 * @param type RTM_*LINK
	 * @param flags NLM_F_*
	 * @param tb attributes IFLA_*
	 * @kernel PORT: nlmsg_put with struct ifinfomsg
	 */
	constructor(type: number, flags: number, tb: nlattrs = new Map()) {
		super(type, flags, tb);
	}
}

/** struct ifaddrmsg behind the header: RTM_*ADDR. */
export class ifaddrmsg_msg extends nlmsg {
	ifa_family = 0;
	ifa_prefixlen = 0;
	/** Low 8 bits of the flags; IFA_FLAGS has all. */
	ifa_flags = 0;
	/** RT_SCOPE_* */
	ifa_scope = 0;
	ifa_index = 0;

	/**
	 * @param type RTM_*ADDR
	 * @param flags NLM_F_*
	 * @param tb attributes IFA_*
	 * @kernel PORT: nlmsg_put with struct ifaddrmsg
	 */
	constructor(type: number, flags: number, tb: nlattrs = new Map()) {
		super(type, flags, tb);
	}
}

/** struct rtmsg behind the header: RTM_*ROUTE. */
export class rtmsg_msg extends nlmsg {
	rtm_family = 0;
	rtm_dst_len = 0;
	rtm_src_len = 0;
	rtm_tos = 0;
	/** RT_TABLE_*, RT_TABLE_COMPAT when the number is above 255 and in RTA_TABLE. */
	rtm_table = 0;
	/** RTPROT_* */
	rtm_protocol = 0;
	/** RT_SCOPE_* */
	rtm_scope = 0;
	/** RTN_* */
	rtm_type = 0;
	/** RTM_F_*, RTNH_F_* */
	rtm_flags = 0;

	/**
	 * @param type RTM_*ROUTE
	 * @param flags NLM_F_*
	 * @param tb attributes RTA_*
	 * @kernel PORT: nlmsg_put with struct rtmsg
	 */
	constructor(type: number, flags: number, tb: nlattrs = new Map()) {
		super(type, flags, tb);
	}
}

/** struct ndmsg behind the header: RTM_*NEIGH, of AF_INET, AF_INET6 and AF_BRIDGE. */
export class ndmsg_msg extends nlmsg {
	ndm_family = 0;
	ndm_ifindex = 0;
	/** NUD_* */
	ndm_state = 0;
	/** NTF_* */
	ndm_flags = 0;
	/** RTN_* */
	ndm_type = 0;

	/**
	 * @param type RTM_*NEIGH
	 * @param flags NLM_F_*
	 * @param tb attributes NDA_*
	 * @kernel PORT: nlmsg_put with struct ndmsg
	 */
	constructor(type: number, flags: number, tb: nlattrs = new Map()) {
		super(type, flags, tb);
	}
}

/** struct fib_rule_hdr behind the header: RTM_*RULE. */
export class fib_rule_hdr_msg extends nlmsg {
	family = 0;
	dst_len = 0;
	src_len = 0;
	tos = 0;
	/** RT_TABLE_*, FRA_TABLE has all 32 bits. */
	table = 0;
	/** FR_ACT_* */
	action = 0;
	/** FIB_RULE_* of the header */
	rule_flags = 0;

	/**
	 * @param type RTM_*RULE
	 * @param flags NLM_F_*
	 * @param tb attributes FRA_*
	 * @kernel PORT: nlmsg_put with struct fib_rule_hdr
	 */
	constructor(type: number, flags: number, tb: nlattrs = new Map()) {
		super(type, flags, tb);
	}
}

/** struct rtgenmsg behind the header: RTM_*NSID and plain dump requests. */
export class rtgenmsg_msg extends nlmsg {
	rtgen_family = 0;

	/**
	 * @param type RTM_*
	 * @param flags NLM_F_*
	 * @param tb attributes
	 * @kernel PORT: nlmsg_put with struct rtgenmsg
	 */
	constructor(type: number, flags: number, tb: nlattrs = new Map()) {
		super(type, flags, tb);
	}
}
