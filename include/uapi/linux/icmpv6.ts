/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * include/uapi/linux/icmpv6.h, base v5.10: offsets of struct icmp6hdr, types and codes.
 */

/* struct icmp6hdr */
export const ICMP6HDR_type = 0;
export const ICMP6HDR_code = 1;
export const ICMP6HDR_cksum = 2;
/** The 32 bits that each type uses in its own way. */
export const ICMP6HDR_dataun = 4;
export const ICMP6HDR_identifier = 4;
export const ICMP6HDR_sequence = 6;
export const ICMP6HDR_pointer = 4;
export const ICMP6HDR_mtu = 4;
export const ICMP6HDR_maxdelay = 4;
/** Of a router advertisement. */
export const ICMP6HDR_hop_limit = 4;
/** Of a router advertisement: managed, other, home agent, preference. */
export const ICMP6HDR_ra_flags = 5;
export const ICMP6HDR_rt_lifetime = 6;
/** Of a neighbour advertisement: router, solicited, override in the top bits. */
export const ICMP6HDR_nd_advt = 4;
/** sizeof(struct icmp6hdr) */
export const ICMP6HDR_LEN = 8;

/* bits of the byte at ICMP6HDR_nd_advt */
export const ICMP6_NA_ROUTER = 0x80;
export const ICMP6_NA_SOLICITED = 0x40;
export const ICMP6_NA_OVERRIDE = 0x20;
/* bits of the byte at ICMP6HDR_ra_flags */
export const ICMP6_RA_MANAGED = 0x80;
export const ICMP6_RA_OTHER = 0x40;
export const ICMP6_RA_PREF_SHIFT = 3;

export const ICMPV6_ROUTER_PREF_LOW = 0x3;
export const ICMPV6_ROUTER_PREF_MEDIUM = 0x0;
export const ICMPV6_ROUTER_PREF_HIGH = 0x1;
export const ICMPV6_ROUTER_PREF_INVALID = 0x2;

export const ICMPV6_DEST_UNREACH = 1;
export const ICMPV6_PKT_TOOBIG = 2;
export const ICMPV6_TIME_EXCEED = 3;
export const ICMPV6_PARAMPROB = 4;
export const ICMPV6_ERRMSG_MAX = 127;
export const ICMPV6_INFOMSG_MASK = 0x80;
export const ICMPV6_ECHO_REQUEST = 128;
export const ICMPV6_ECHO_REPLY = 129;
export const ICMPV6_MGM_QUERY = 130;
export const ICMPV6_MGM_REPORT = 131;
export const ICMPV6_MGM_REDUCTION = 132;
export const ICMPV6_NI_QUERY = 139;
export const ICMPV6_NI_REPLY = 140;
export const ICMPV6_MLD2_REPORT = 143;
export const ICMPV6_DHAAD_REQUEST = 144;
export const ICMPV6_DHAAD_REPLY = 145;
export const ICMPV6_MOBILE_PREFIX_SOL = 146;
export const ICMPV6_MOBILE_PREFIX_ADV = 147;
export const ICMPV6_MRDISC_ADV = 151;
export const ICMPV6_MSG_MAX = 255;

export const ICMPV6_NOROUTE = 0;
export const ICMPV6_ADM_PROHIBITED = 1;
export const ICMPV6_NOT_NEIGHBOUR = 2;
export const ICMPV6_ADDR_UNREACH = 3;
export const ICMPV6_PORT_UNREACH = 4;
export const ICMPV6_POLICY_FAIL = 5;
export const ICMPV6_REJECT_ROUTE = 6;

export const ICMPV6_EXC_HOPLIMIT = 0;
export const ICMPV6_EXC_FRAGTIME = 1;

export const ICMPV6_HDR_FIELD = 0;
export const ICMPV6_UNK_NEXTHDR = 1;
export const ICMPV6_UNK_OPTION = 2;
export const ICMPV6_HDR_INCOMP = 3;

export const ICMPV6_FILTER = 1;
export const ICMPV6_FILTER_BLOCK = 1;
export const ICMPV6_FILTER_PASS = 2;
export const ICMPV6_FILTER_BLOCKOTHERS = 3;
export const ICMPV6_FILTER_PASSONLY = 4;

/** Message types a raw socket does not want: one bit each. */
export class icmp6_filter {
	readonly data = new Uint32Array(8);
}

export const MLD2_MODE_IS_INCLUDE = 1;
export const MLD2_MODE_IS_EXCLUDE = 2;
export const MLD2_CHANGE_TO_INCLUDE = 3;
export const MLD2_CHANGE_TO_EXCLUDE = 4;
export const MLD2_ALLOW_NEW_SOURCES = 5;
export const MLD2_BLOCK_OLD_SOURCES = 6;
