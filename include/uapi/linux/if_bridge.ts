/* SPDX-License-Identifier: GPL-2.0-or-later WITH Linux-syscall-note */
/*
 * include/uapi/linux/if_bridge.h, base v5.10: port states and what netlink says about bridges.
 *
 * PORT: IFLA_AF_SPEC of family AF_BRIDGE is a list of nests, each with one of the attributes below.
 * IFLA_BRIDGE_VLAN_INFO is a nest with the two members of struct bridge_vlan_info.
 */
export const BR_STATE_DISABLED = 0;
export const BR_STATE_LISTENING = 1;
export const BR_STATE_LEARNING = 2;
export const BR_STATE_FORWARDING = 3;
export const BR_STATE_BLOCKING = 4;

export const BRIDGE_FLAGS_MASTER = 1;
export const BRIDGE_FLAGS_SELF = 2;

export const BRIDGE_MODE_VEB = 0;
export const BRIDGE_MODE_VEPA = 1;
export const BRIDGE_MODE_UNDEF = 0xffff;

export const IFLA_BRIDGE_FLAGS = 0;
export const IFLA_BRIDGE_MODE = 1;
export const IFLA_BRIDGE_VLAN_INFO = 2;
export const IFLA_BRIDGE_VLAN_TUNNEL_INFO = 3;

export const BRIDGE_VLAN_INFO_MASTER = 1 << 0;
export const BRIDGE_VLAN_INFO_PVID = 1 << 1;
export const BRIDGE_VLAN_INFO_UNTAGGED = 1 << 2;
export const BRIDGE_VLAN_INFO_RANGE_BEGIN = 1 << 3;
export const BRIDGE_VLAN_INFO_RANGE_END = 1 << 4;
export const BRIDGE_VLAN_INFO_BRENTRY = 1 << 5;
export const BRIDGE_VLAN_INFO_ONLY_OPTS = 1 << 6;

/** struct bridge_vlan_info: flags, BRIDGE_VLAN_INFO_* */
export const BRIDGE_VLAN_INFO_flags = 1;
/** struct bridge_vlan_info: vid */
export const BRIDGE_VLAN_INFO_vid = 2;
