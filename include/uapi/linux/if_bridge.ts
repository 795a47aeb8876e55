/* SPDX-License-Identifier: GPL-2.0-or-later WITH Linux-syscall-note */
/*
 * include/uapi/linux/if_bridge.h, base v5.10: port states and what netlink says about bridges.
 *
 * PORT: IFLA_AF_SPEC of family AF_BRIDGE is a list of nests, each with one of the attributes below.
 * IFLA_BRIDGE_VLAN_INFO is a nest with the two members of struct bridge_vlan_info.
 * MDBA_MDB is a list of nests (MDBA_MDB_ENTRY each), MDBA_MDB_ENTRY a list of nests too, one per
 * MDBA_MDB_ENTRY_INFO: attributes MDBA_MDB_EATTR_*, and struct br_mdb_entry as a nest under MDBA_MDB_EATTR_UNSPEC.
 * MDBA_MDB_EATTR_SRC_LIST is a list of nests of MDBA_MDB_SRCATTR_*. MDBA_ROUTER is a list of nests, one per
 * MDBA_ROUTER_PORT: attributes MDBA_ROUTER_PATTR_*, and the port's ifindex under MDBA_ROUTER_PATTR_UNSPEC.
 * MDBA_SET_ENTRY is struct br_mdb_entry as a nest. Addresses of IPv4 are numbers, of IPv6 16 bytes.
 */
import { nlmsg, type nlattrs } from '../../net/netlink.ts';

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

export const MDBA_MDB = 1;
export const MDBA_ROUTER = 2;

export const MDBA_MDB_ENTRY = 1;
export const MDBA_MDB_ENTRY_INFO = 1;

export const MDBA_MDB_EATTR_UNSPEC = 0;
/** Hundredths of a second. */
export const MDBA_MDB_EATTR_TIMER = 1;
export const MDBA_MDB_EATTR_SRC_LIST = 2;
export const MDBA_MDB_EATTR_GROUP_MODE = 3;
export const MDBA_MDB_EATTR_SOURCE = 4;
export const MDBA_MDB_EATTR_RTPROT = 5;

export const MDBA_MDB_SRCATTR_ADDRESS = 1;
/** Hundredths of a second. */
export const MDBA_MDB_SRCATTR_TIMER = 2;

export const MDB_RTR_TYPE_DISABLED = 0;
export const MDB_RTR_TYPE_TEMP_QUERY = 1;
export const MDB_RTR_TYPE_PERM = 2;
export const MDB_RTR_TYPE_TEMP = 3;

export const MDBA_ROUTER_PATTR_UNSPEC = 0;
/** Hundredths of a second. */
export const MDBA_ROUTER_PATTR_TIMER = 1;
export const MDBA_ROUTER_PATTR_TYPE = 2;

/** struct br_mdb_entry: members */
export const BR_MDB_ENTRY_ifindex = 1;
/** MDB_TEMPORARY or MDB_PERMANENT */
export const BR_MDB_ENTRY_state = 2;
/** MDB_FLAGS_* */
export const BR_MDB_ENTRY_flags = 3;
export const BR_MDB_ENTRY_vid = 4;
export const BR_MDB_ENTRY_addr = 5;
/** Ethertype of the address. */
export const BR_MDB_ENTRY_proto = 6;

export const MDB_TEMPORARY = 0;
export const MDB_PERMANENT = 1;
export const MDB_FLAGS_OFFLOAD = 1 << 0;
export const MDB_FLAGS_FAST_LEAVE = 1 << 1;
export const MDB_FLAGS_STAR_EXCL = 1 << 2;
export const MDB_FLAGS_BLOCKED = 1 << 3;

export const MDBA_SET_ENTRY = 1;
export const MDBA_SET_ENTRY_ATTRS = 2;

export const MDBE_ATTR_SOURCE = 1;

/** struct br_port_msg behind the header: RTM_*MDB. */
export class br_port_msg extends nlmsg {
	family = 0;
	ifindex = 0;

	/**
	 * @param type RTM_*MDB
	 * @param flags NLM_F_*
	 * @param tb attributes MDBA_*
	 * @kernel PORT: nlmsg_put with struct br_port_msg
	 */
	constructor(type: number, flags: number, tb: nlattrs = new Map()) {
		super(type, flags, tb);
	}
}

export const BR_MCAST_DIR_RX = 0;
export const BR_MCAST_DIR_TX = 1;

/** Group messages that a bridge or port saw; pairs by BR_MCAST_DIR_*. */
export class br_mcast_stats {
	readonly igmp_v1queries = [0, 0];
	readonly igmp_v2queries = [0, 0];
	readonly igmp_v3queries = [0, 0];
	readonly igmp_leaves = [0, 0];
	readonly igmp_v1reports = [0, 0];
	readonly igmp_v2reports = [0, 0];
	readonly igmp_v3reports = [0, 0];
	igmp_parse_errors = 0;
	readonly mld_v1queries = [0, 0];
	readonly mld_v2queries = [0, 0];
	readonly mld_leaves = [0, 0];
	readonly mld_v1reports = [0, 0];
	readonly mld_v2reports = [0, 0];
	mld_parse_errors = 0;
}
