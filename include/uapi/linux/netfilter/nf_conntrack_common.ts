// SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note
/*
 * include/uapi/linux/netfilter/nf_conntrack_common.h, base v5.10.
 * Connection states as a packet sees them, state bits of rules, status bits of a connection, events.
 * Not ported: expectation events and flags (expectations are absent).
 */

/* enum ip_conntrack_info; from IP_CT_IS_REPLY on it is the reply direction */
export const IP_CT_ESTABLISHED = 0;
export const IP_CT_RELATED = 1;
export const IP_CT_NEW = 2;
export const IP_CT_IS_REPLY = 3;
export const IP_CT_ESTABLISHED_REPLY = IP_CT_ESTABLISHED + IP_CT_IS_REPLY;
export const IP_CT_RELATED_REPLY = IP_CT_RELATED + IP_CT_IS_REPLY;
export const IP_CT_NUMBER = 5;
export const IP_CT_UNTRACKED = 7;

export const NF_CT_STATE_INVALID_BIT = 1 << 0;

/**
 * Bit that a rule tests for a connection state.
 * @param ctinfo IP_CT_*, either direction
 * @returns bit mask
 * @kernel include/uapi/linux/netfilter/nf_conntrack_common.h:38 (v5.10)
 */
export function NF_CT_STATE_BIT(ctinfo: number): number {
	return 1 << ((ctinfo % IP_CT_IS_REPLY) + 1);
}

export const NF_CT_STATE_UNTRACKED_BIT = 1 << 6;

/* enum ip_conntrack_status */
export const IPS_EXPECTED_BIT = 0;
export const IPS_EXPECTED = 1 << IPS_EXPECTED_BIT;
export const IPS_SEEN_REPLY_BIT = 1;
export const IPS_SEEN_REPLY = 1 << IPS_SEEN_REPLY_BIT;
export const IPS_ASSURED_BIT = 2;
export const IPS_ASSURED = 1 << IPS_ASSURED_BIT;
export const IPS_CONFIRMED_BIT = 3;
export const IPS_CONFIRMED = 1 << IPS_CONFIRMED_BIT;
export const IPS_SRC_NAT_BIT = 4;
export const IPS_SRC_NAT = 1 << IPS_SRC_NAT_BIT;
export const IPS_DST_NAT_BIT = 5;
export const IPS_DST_NAT = 1 << IPS_DST_NAT_BIT;
export const IPS_NAT_MASK = IPS_DST_NAT | IPS_SRC_NAT;
export const IPS_SEQ_ADJUST_BIT = 6;
export const IPS_SEQ_ADJUST = 1 << IPS_SEQ_ADJUST_BIT;
export const IPS_SRC_NAT_DONE_BIT = 7;
export const IPS_SRC_NAT_DONE = 1 << IPS_SRC_NAT_DONE_BIT;
export const IPS_DST_NAT_DONE_BIT = 8;
export const IPS_DST_NAT_DONE = 1 << IPS_DST_NAT_DONE_BIT;
export const IPS_NAT_DONE_MASK = IPS_DST_NAT_DONE | IPS_SRC_NAT_DONE;
export const IPS_DYING_BIT = 9;
export const IPS_DYING = 1 << IPS_DYING_BIT;
export const IPS_FIXED_TIMEOUT_BIT = 10;
export const IPS_FIXED_TIMEOUT = 1 << IPS_FIXED_TIMEOUT_BIT;
export const IPS_TEMPLATE_BIT = 11;
export const IPS_TEMPLATE = 1 << IPS_TEMPLATE_BIT;
export const IPS_UNTRACKED_BIT = 12;
export const IPS_UNTRACKED = 1 << IPS_UNTRACKED_BIT;
/* in the kernel that bit marks an entry that clashed when it was inserted */
export const IPS_NAT_CLASH_BIT = IPS_UNTRACKED_BIT;
export const IPS_NAT_CLASH = IPS_UNTRACKED;
export const IPS_HELPER_BIT = 13;
export const IPS_HELPER = 1 << IPS_HELPER_BIT;
export const IPS_OFFLOAD_BIT = 14;
export const IPS_OFFLOAD = 1 << IPS_OFFLOAD_BIT;
export const IPS_HW_OFFLOAD_BIT = 15;
export const IPS_HW_OFFLOAD = 1 << IPS_HW_OFFLOAD_BIT;
export const IPS_UNCHANGEABLE_MASK =
	IPS_NAT_DONE_MASK |
	IPS_NAT_MASK |
	IPS_EXPECTED |
	IPS_CONFIRMED |
	IPS_DYING |
	IPS_SEQ_ADJUST |
	IPS_TEMPLATE |
	IPS_UNTRACKED |
	IPS_OFFLOAD |
	IPS_HW_OFFLOAD;

/* enum ip_conntrack_events */
export const IPCT_NEW = 0;
export const IPCT_RELATED = 1;
export const IPCT_DESTROY = 2;
export const IPCT_REPLY = 3;
export const IPCT_ASSURED = 4;
export const IPCT_PROTOINFO = 5;
export const IPCT_HELPER = 6;
export const IPCT_MARK = 7;
export const IPCT_SEQADJ = 8;
export const IPCT_NATSEQADJ = IPCT_SEQADJ;
export const IPCT_SECMARK = 9;
export const IPCT_LABEL = 10;
export const IPCT_SYNPROXY = 11;
