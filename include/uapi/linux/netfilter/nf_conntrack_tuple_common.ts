/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * include/uapi/linux/netfilter/nf_conntrack_tuple_common.h, base v5.10: the two directions.
 *
 * PORT: the protocol part that NAT may change (a port, an ICMP id) is one 16-bit number of the tuple.
 */
import { IP_CT_IS_REPLY } from './nf_conntrack_common.ts';

/* enum ip_conntrack_dir */
export const IP_CT_DIR_ORIGINAL = 0;
export const IP_CT_DIR_REPLY = 1;
export const IP_CT_DIR_MAX = 2;

/**
 * Direction of a packet in its connection.
 * @param ctinfo IP_CT_*
 * @returns IP_CT_DIR_*
 * @kernel include/uapi/linux/netfilter/nf_conntrack_tuple_common.h:44 (v5.10)
 */
export function CTINFO2DIR(ctinfo: number): number {
	return ctinfo >= IP_CT_IS_REPLY ? IP_CT_DIR_REPLY : IP_CT_DIR_ORIGINAL;
}
