// SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note
/*
 * include/uapi/linux/netfilter/nf_nat.h, base v5.10.
 * Flags of a NAT range.
 * Not ported: the range structures of iptables user land; struct nf_nat_range2 lives with the NAT
 * core (include/net/netfilter/nf_nat.ts).
 */

export const NF_NAT_RANGE_MAP_IPS = 1 << 0;
export const NF_NAT_RANGE_PROTO_SPECIFIED = 1 << 1;
export const NF_NAT_RANGE_PROTO_RANDOM = 1 << 2;
export const NF_NAT_RANGE_PERSISTENT = 1 << 3;
export const NF_NAT_RANGE_PROTO_RANDOM_FULLY = 1 << 4;
export const NF_NAT_RANGE_PROTO_OFFSET = 1 << 5;
export const NF_NAT_RANGE_NETMAP = 1 << 6;

export const NF_NAT_RANGE_PROTO_RANDOM_ALL =
	NF_NAT_RANGE_PROTO_RANDOM | NF_NAT_RANGE_PROTO_RANDOM_FULLY;

export const NF_NAT_RANGE_MASK =
	NF_NAT_RANGE_MAP_IPS |
	NF_NAT_RANGE_PROTO_SPECIFIED |
	NF_NAT_RANGE_PROTO_RANDOM |
	NF_NAT_RANGE_PERSISTENT |
	NF_NAT_RANGE_PROTO_RANDOM_FULLY |
	NF_NAT_RANGE_PROTO_OFFSET |
	NF_NAT_RANGE_NETMAP;
