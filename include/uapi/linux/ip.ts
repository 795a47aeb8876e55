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
export const IPOPT_LSRR = 3 | IPOPT_COPY;
export const IPOPT_TIMESTAMP = 4 | 0x40;
export const IPOPT_RR = 7;
export const IPOPT_SID = 8 | IPOPT_COPY;
export const IPOPT_SSRR = 9 | IPOPT_COPY;
export const IPOPT_RA = 20 | IPOPT_COPY;
