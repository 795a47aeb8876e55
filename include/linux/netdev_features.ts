/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/linux/netdev_features.h, base v5.10: what a device can do for a packet.
 *
 * PORT: the features this world uses, in 32 bits; the C has 64 of which most belong to hardware.
 */
export const NETIF_F_SG = 1 << 0;
export const NETIF_F_IP_CSUM = 1 << 1;
export const NETIF_F_HW_CSUM = 1 << 2;
export const NETIF_F_IPV6_CSUM = 1 << 3;
export const NETIF_F_HIGHDMA = 1 << 4;
export const NETIF_F_FRAGLIST = 1 << 5;
export const NETIF_F_HW_VLAN_CTAG_TX = 1 << 6;
export const NETIF_F_HW_VLAN_CTAG_RX = 1 << 7;
export const NETIF_F_HW_VLAN_CTAG_FILTER = 1 << 8;
export const NETIF_F_VLAN_CHALLENGED = 1 << 9;
export const NETIF_F_GSO = 1 << 10;
export const NETIF_F_LLTX = 1 << 11;
export const NETIF_F_NETNS_LOCAL = 1 << 12;
export const NETIF_F_GRO = 1 << 13;
export const NETIF_F_LRO = 1 << 14;
export const NETIF_F_TSO = 1 << 15;
export const NETIF_F_TSO_ECN = 1 << 16;
export const NETIF_F_TSO_MANGLEID = 1 << 17;
export const NETIF_F_TSO6 = 1 << 18;
export const NETIF_F_GSO_UDP_L4 = 1 << 19;
export const NETIF_F_RXCSUM = 1 << 20;
export const NETIF_F_LOOPBACK = 1 << 21;
export const NETIF_F_HW_VLAN_STAG_TX = 1 << 22;
export const NETIF_F_HW_VLAN_STAG_RX = 1 << 23;
export const NETIF_F_HW_VLAN_STAG_FILTER = 1 << 24;
export const NETIF_F_HW_TC = 1 << 25;
export const NETIF_F_NOCACHE_COPY = 1 << 26;
export const NETIF_F_GSO_PARTIAL = 1 << 27;

export const NETIF_F_CSUM_MASK = NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_HW_CSUM;
export const NETIF_F_ALL_TSO =
	NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_TSO_ECN | NETIF_F_TSO_MANGLEID;
export const NETIF_F_GSO_SOFTWARE = NETIF_F_ALL_TSO | NETIF_F_GSO_UDP_L4;
export const NETIF_F_GSO_MASK = NETIF_F_ALL_TSO | NETIF_F_GSO_UDP_L4 | NETIF_F_GSO_PARTIAL;
export const NETIF_F_NEVER_CHANGE =
	NETIF_F_VLAN_CHALLENGED | NETIF_F_LLTX | NETIF_F_NETNS_LOCAL;
export const NETIF_F_ALL_FOR_ALL = NETIF_F_NOCACHE_COPY;
export const NETIF_F_ONE_FOR_ALL = NETIF_F_GSO_SOFTWARE | NETIF_F_SG | NETIF_F_HIGHDMA | NETIF_F_FRAGLIST | NETIF_F_VLAN_CHALLENGED;
export const NETIF_F_SOFT_FEATURES = NETIF_F_GSO | NETIF_F_GRO;
export const NETIF_F_UPPER_DISABLES = NETIF_F_LRO;
