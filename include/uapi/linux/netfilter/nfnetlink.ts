// SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note
/*
 * include/uapi/linux/netfilter/nfnetlink.h, base v5.10.
 * Subsystems of nfnetlink and the packing of subsystem and message into nlmsg.type.
 * Not ported: multicast groups (no listener in this project).
 */

export const NFNETLINK_V0 = 0;

/**
 * Subsystem of a message type.
 * @param x nlmsg.type
 * @returns NFNL_SUBSYS_*
 * @kernel include/uapi/linux/netfilter/nfnetlink.h:46 (v5.10)
 */
export function NFNL_SUBSYS_ID(x: number): number {
	return (x & 0xff00) >> 8;
}

/**
 * Operation of a message type within its subsystem.
 * @param x nlmsg.type
 * @returns NFT_MSG_* or the like
 * @kernel include/uapi/linux/netfilter/nfnetlink.h:47 (v5.10)
 */
export function NFNL_MSG_TYPE(x: number): number {
	return x & 0x00ff;
}

export const NFNL_SUBSYS_NONE = 0;
export const NFNL_SUBSYS_CTNETLINK = 1;
export const NFNL_SUBSYS_CTNETLINK_EXP = 2;
export const NFNL_SUBSYS_QUEUE = 3;
export const NFNL_SUBSYS_ULOG = 4;
export const NFNL_SUBSYS_OSF = 5;
export const NFNL_SUBSYS_IPSET = 6;
export const NFNL_SUBSYS_ACCT = 7;
export const NFNL_SUBSYS_CTNETLINK_TIMEOUT = 8;
export const NFNL_SUBSYS_CTHELPER = 9;
export const NFNL_SUBSYS_NFTABLES = 10;
export const NFNL_SUBSYS_NFT_COMPAT = 11;
export const NFNL_SUBSYS_COUNT = 12;

/* control messages around a batch */
export const NFNL_MSG_BATCH_BEGIN = 0x10;
export const NFNL_MSG_BATCH_END = NFNL_MSG_BATCH_BEGIN + 1;

/* enum nfnl_batch_attributes */
export const NFNL_BATCH_UNSPEC = 0;
export const NFNL_BATCH_GENID = 1;
export const NFNL_BATCH_MAX = 1;
