/* SPDX-License-Identifier: GPL-2.0-or-later WITH Linux-syscall-note */
/*
 * include/uapi/linux/if_ether.h, base v5.10: Ethernet sizes and the ethertypes of this world.
 */
import { htons } from '../../linux/byteorder/generic.ts';

export const ETH_ALEN = 6;
export const ETH_TLEN = 2;
export const ETH_HLEN = 14;
export const ETH_ZLEN = 60;
export const ETH_DATA_LEN = 1500;
export const ETH_FRAME_LEN = 1514;
export const ETH_MIN_MTU = 68;
export const ETH_MAX_MTU = 0xffff;

/* PORT: already in the form that skb->protocol has; the C wraps each use in htons(). */
export const ETH_P_LOOP = htons(0x0060);
export const ETH_P_IP = htons(0x0800);
export const ETH_P_ARP = htons(0x0806);
export const ETH_P_RARP = htons(0x8035);
export const ETH_P_8021Q = htons(0x8100);
export const ETH_P_IPV6 = htons(0x86dd);
export const ETH_P_PAUSE = htons(0x8808);
export const ETH_P_PPP_SES = htons(0x8864);
export const ETH_P_MPLS_UC = htons(0x8847);
export const ETH_P_8021AD = htons(0x88a8);
export const ETH_P_802_3_MIN = 0x0600;
export const ETH_P_802_3 = htons(0x0001);
export const ETH_P_ALL = htons(0x0003);
export const ETH_P_802_2 = htons(0x0004);

/* struct ethhdr */
export const ETHHDR_h_dest = 0;
export const ETHHDR_h_source = 6;
export const ETHHDR_h_proto = 12;
