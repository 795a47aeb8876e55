/* SPDX-License-Identifier: GPL-2.0+ WITH Linux-syscall-note */
/*
 * include/uapi/linux/udp.h, base v5.10: offsets of struct udphdr and socket options.
 */
export const UDPHDR_source = 0;
export const UDPHDR_dest = 2;
export const UDPHDR_len = 4;
export const UDPHDR_check = 6;
/** sizeof(struct udphdr) */
export const UDPHDR_LEN = 8;

export const UDP_CORK = 1;
export const UDP_ENCAP = 100;
export const UDP_NO_CHECK6_TX = 101;
export const UDP_NO_CHECK6_RX = 102;
export const UDP_SEGMENT = 103;
export const UDP_GRO = 104;

export const UDP_ENCAP_ESPINUDP_NON_IKE = 1;
export const UDP_ENCAP_ESPINUDP = 2;
