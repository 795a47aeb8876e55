// SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note
/*
 * include/uapi/linux/neighbour.h, base v5.10: attributes, flags and states of RTM_*NEIGH messages.
 *
 * PORT: NDA_DST is a number for IPv4, 16 bytes for IPv6, absent for AF_BRIDGE. NDA_CACHEINFO is a nest
 * keyed by NDA_CACHEINFO_*, ages in hundredths of a second.
 * Not ported: RTM_*NEIGHTBL (`ip ntable`).
 */
export const NDA_UNSPEC = 0;
export const NDA_DST = 1;
export const NDA_LLADDR = 2;
export const NDA_CACHEINFO = 3;
export const NDA_PROBES = 4;
export const NDA_VLAN = 5;
export const NDA_PORT = 6;
export const NDA_VNI = 7;
export const NDA_IFINDEX = 8;
export const NDA_MASTER = 9;
export const NDA_LINK_NETNSID = 10;
export const NDA_SRC_VNI = 11;
export const NDA_PROTOCOL = 12;
export const NDA_NH_ID = 13;
export const NDA_FDB_EXT_ATTRS = 14;
export const NDA_MAX = 14;

export const FDB_NOTIFY_BIT = 1;
export const FDB_NOTIFY_INACTIVE_BIT = 2;

export const NFEA_UNSPEC = 0;
export const NFEA_ACTIVITY_NOTIFY = 1;
export const NFEA_DONT_REFRESH = 2;

export const NTF_USE = 0x01;
export const NTF_SELF = 0x02;
export const NTF_MASTER = 0x04;
export const NTF_PROXY = 0x08;
export const NTF_EXT_LEARNED = 0x10;
export const NTF_OFFLOADED = 0x20;
export const NTF_STICKY = 0x40;
export const NTF_ROUTER = 0x80;

export const NUD_INCOMPLETE = 0x01;
export const NUD_REACHABLE = 0x02;
export const NUD_STALE = 0x04;
export const NUD_DELAY = 0x08;
export const NUD_PROBE = 0x10;
export const NUD_FAILED = 0x20;
export const NUD_NOARP = 0x40;
export const NUD_PERMANENT = 0x80;
export const NUD_NONE = 0x00;

/* positions in struct nda_cacheinfo */
export const NDA_CACHEINFO_confirmed = 0;
export const NDA_CACHEINFO_used = 1;
export const NDA_CACHEINFO_updated = 2;
export const NDA_CACHEINFO_refcnt = 3;
