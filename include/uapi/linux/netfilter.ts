// SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note
/*
 * include/uapi/linux/netfilter.h, base v5.10.
 * Verdicts of a hook function, hook numbers, protocol families of netfilter.
 * Not ported: NF_VERDICT_BITS (for old user land), union nf_inet_addr (include/linux/netfilter.ts).
 */

/* responses of hook functions */
export const NF_DROP = 0;
export const NF_ACCEPT = 1;
export const NF_STOLEN = 2;
export const NF_QUEUE = 3;
export const NF_REPEAT = 4;
export const NF_STOP = 5;
export const NF_MAX_VERDICT = NF_STOP;

/* the low byte is the verdict, the high half carries a queue number or an errno */
export const NF_VERDICT_MASK = 0x000000ff;
export const NF_VERDICT_FLAG_QUEUE_BYPASS = 0x00008000;
export const NF_VERDICT_QMASK = 0xffff0000;
export const NF_VERDICT_QBITS = 16;

/**
 * Packs a drop verdict with the errno that the sender of the packet shall see.
 * @param x errno, negative
 * @returns verdict, signed 32 bits as in C
 * @kernel include/uapi/linux/netfilter.h:33 (v5.10)
 */
export function NF_DROP_ERR(x: number): number {
	return (-x << 16) | NF_DROP;
}

/* enum nf_inet_hooks */
export const NF_INET_PRE_ROUTING = 0;
export const NF_INET_LOCAL_IN = 1;
export const NF_INET_FORWARD = 2;
export const NF_INET_LOCAL_OUT = 3;
export const NF_INET_POST_ROUTING = 4;
export const NF_INET_NUMHOOKS = 5;
export const NF_INET_INGRESS = NF_INET_NUMHOOKS;

/* enum nf_dev_hooks */
export const NF_NETDEV_INGRESS = 0;
export const NF_NETDEV_NUMHOOKS = 1;

export const NFPROTO_UNSPEC = 0;
export const NFPROTO_INET = 1;
export const NFPROTO_IPV4 = 2;
export const NFPROTO_ARP = 3;
export const NFPROTO_NETDEV = 5;
export const NFPROTO_BRIDGE = 7;
export const NFPROTO_IPV6 = 10;
export const NFPROTO_DECNET = 12;
export const NFPROTO_NUMPROTO = 13;
