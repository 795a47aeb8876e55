/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * include/uapi/linux/if_packet.h, base v5.10: options and ancillary data of packet sockets.
 * Not ported: rings, fanout, vnet headers: nothing here maps packets into its memory.
 */
export const PACKET_ADD_MEMBERSHIP = 1;
export const PACKET_DROP_MEMBERSHIP = 2;
export const PACKET_STATISTICS = 6;
export const PACKET_AUXDATA = 8;
export const PACKET_ORIGDEV = 9;

export const PACKET_MR_MULTICAST = 0;
export const PACKET_MR_PROMISC = 1;
export const PACKET_MR_ALLMULTI = 2;
export const PACKET_MR_UNICAST = 3;

export const TP_STATUS_USER = 1 << 0;
export const TP_STATUS_CSUMNOTREADY = 1 << 3;
export const TP_STATUS_VLAN_VALID = 1 << 4;
export const TP_STATUS_VLAN_TPID_VALID = 1 << 6;
export const TP_STATUS_CSUM_VALID = 1 << 7;

/** What PACKET_ADD_MEMBERSHIP takes. */
export interface packet_mreq {
	mr_ifindex: number;
	/** PACKET_MR_* */
	mr_type: number;
	mr_address: Uint8Array;
}

/** What PACKET_AUXDATA adds to a received packet. */
export interface tpacket_auxdata {
	/** TP_STATUS_* */
	tp_status: number;
	/** Bytes of the packet, and of it that were kept. */
	tp_len: number;
	tp_snaplen: number;
	/** Offset of the network header. */
	tp_net: number;
	tp_vlan_tci: number;
	/** Ethertype of the tag. */
	tp_vlan_tpid: number;
}

/** What PACKET_STATISTICS answers. */
export interface tpacket_stats {
	tp_packets: number;
	tp_drops: number;
}
