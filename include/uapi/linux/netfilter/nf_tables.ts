// SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note
/*
 * include/uapi/linux/netfilter/nf_tables.h, base v5.10.
 * What nf_tables and its user land say to each other: message types, attributes, keys, verdicts.
 * How a value of each attribute is represented: include/net/netlink.ts.
 * Not ported: expressions and objects that this project does not have (compat, hash, socket,
 * connlimit, queue, secmark, tproxy, dup, fwd, ct helper/timeout/expectation, osf, synproxy, xfrm,
 * tunnel) and the trace messages, because no packet or tool of its world uses them.
 */

export const NFT_NAME_MAXLEN = 256;
export const NFT_TABLE_MAXNAMELEN = NFT_NAME_MAXLEN;
export const NFT_CHAIN_MAXNAMELEN = NFT_NAME_MAXLEN;
export const NFT_SET_MAXNAMELEN = NFT_NAME_MAXLEN;
export const NFT_OBJ_MAXNAMELEN = NFT_NAME_MAXLEN;
export const NFT_USERDATA_MAXLEN = 256;

/* enum nft_registers: a verdict, four of 16 bytes, and the same space as sixteen of 4 bytes */
export const NFT_REG_VERDICT = 0;
export const NFT_REG_1 = 1;
export const NFT_REG_2 = 2;
export const NFT_REG_3 = 3;
export const NFT_REG_4 = 4;
export const NFT_REG32_00 = 8;
export const NFT_REG32_01 = 9;
export const NFT_REG32_02 = 10;
export const NFT_REG32_03 = 11;
export const NFT_REG32_04 = 12;
export const NFT_REG32_05 = 13;
export const NFT_REG32_06 = 14;
export const NFT_REG32_07 = 15;
export const NFT_REG32_08 = 16;
export const NFT_REG32_09 = 17;
export const NFT_REG32_10 = 18;
export const NFT_REG32_11 = 19;
export const NFT_REG32_12 = 20;
export const NFT_REG32_13 = 21;
export const NFT_REG32_14 = 22;
export const NFT_REG32_15 = 23;
export const NFT_REG_MAX = 4;
export const NFT_REG_SIZE = 16;
export const NFT_REG32_SIZE = 4;
export const NFT_REG32_COUNT = NFT_REG32_15 - NFT_REG32_00 + 1;

/* enum nft_verdicts: negative; NF_DROP and NF_ACCEPT share the number space */
export const NFT_CONTINUE = -1;
export const NFT_BREAK = -2;
export const NFT_JUMP = -3;
export const NFT_GOTO = -4;
export const NFT_RETURN = -5;

/* enum nf_tables_msg_types: message types (low byte of nlmsg.type) */
export const NFT_MSG_NEWTABLE = 0;
export const NFT_MSG_GETTABLE = 1;
export const NFT_MSG_DELTABLE = 2;
export const NFT_MSG_NEWCHAIN = 3;
export const NFT_MSG_GETCHAIN = 4;
export const NFT_MSG_DELCHAIN = 5;
export const NFT_MSG_NEWRULE = 6;
export const NFT_MSG_GETRULE = 7;
export const NFT_MSG_DELRULE = 8;
export const NFT_MSG_NEWSET = 9;
export const NFT_MSG_GETSET = 10;
export const NFT_MSG_DELSET = 11;
export const NFT_MSG_NEWSETELEM = 12;
export const NFT_MSG_GETSETELEM = 13;
export const NFT_MSG_DELSETELEM = 14;
export const NFT_MSG_NEWGEN = 15;
export const NFT_MSG_GETGEN = 16;
export const NFT_MSG_TRACE = 17;
export const NFT_MSG_NEWOBJ = 18;
export const NFT_MSG_GETOBJ = 19;
export const NFT_MSG_DELOBJ = 20;
export const NFT_MSG_GETOBJ_RESET = 21;
export const NFT_MSG_NEWFLOWTABLE = 22;
export const NFT_MSG_GETFLOWTABLE = 23;
export const NFT_MSG_DELFLOWTABLE = 24;
export const NFT_MSG_MAX = 25;

/* enum nft_list_attributes: generic list */
export const NFTA_LIST_UNSPEC = 0;
export const NFTA_LIST_ELEM = 1;
export const NFTA_LIST_MAX = 1;

/* enum nft_hook_attributes: base chain hook: number, priority (signed), one device or a list */
export const NFTA_HOOK_UNSPEC = 0;
export const NFTA_HOOK_HOOKNUM = 1;
export const NFTA_HOOK_PRIORITY = 2;
export const NFTA_HOOK_DEV = 3;
export const NFTA_HOOK_DEVS = 4;
export const NFTA_HOOK_MAX = 4;

/* enum nft_table_flags: table flags */
export const NFT_TABLE_F_DORMANT = 0x1;

/* enum nft_table_attributes: table */
export const NFTA_TABLE_UNSPEC = 0;
export const NFTA_TABLE_NAME = 1;
export const NFTA_TABLE_FLAGS = 2;
export const NFTA_TABLE_USE = 3;
export const NFTA_TABLE_HANDLE = 4;
export const NFTA_TABLE_PAD = 5;
export const NFTA_TABLE_USERDATA = 6;
export const NFTA_TABLE_MAX = 6;

/* enum nft_chain_flags: chain flags */
export const NFT_CHAIN_BASE = 1 << 0;
export const NFT_CHAIN_HW_OFFLOAD = 1 << 1;
export const NFT_CHAIN_BINDING = 1 << 2;
export const NFT_CHAIN_FLAGS = NFT_CHAIN_BASE | NFT_CHAIN_HW_OFFLOAD | NFT_CHAIN_BINDING;

/* enum nft_chain_attributes: chain */
export const NFTA_CHAIN_UNSPEC = 0;
export const NFTA_CHAIN_TABLE = 1;
export const NFTA_CHAIN_HANDLE = 2;
export const NFTA_CHAIN_NAME = 3;
export const NFTA_CHAIN_HOOK = 4;
export const NFTA_CHAIN_POLICY = 5;
export const NFTA_CHAIN_USE = 6;
export const NFTA_CHAIN_TYPE = 7;
export const NFTA_CHAIN_COUNTERS = 8;
export const NFTA_CHAIN_PAD = 9;
export const NFTA_CHAIN_FLAGS = 10;
export const NFTA_CHAIN_ID = 11;
export const NFTA_CHAIN_USERDATA = 12;
export const NFTA_CHAIN_MAX = 12;

/* enum nft_rule_attributes: rule */
export const NFTA_RULE_UNSPEC = 0;
export const NFTA_RULE_TABLE = 1;
export const NFTA_RULE_CHAIN = 2;
export const NFTA_RULE_HANDLE = 3;
export const NFTA_RULE_EXPRESSIONS = 4;
export const NFTA_RULE_COMPAT = 5;
export const NFTA_RULE_POSITION = 6;
export const NFTA_RULE_USERDATA = 7;
export const NFTA_RULE_PAD = 8;
export const NFTA_RULE_ID = 9;
export const NFTA_RULE_POSITION_ID = 10;
export const NFTA_RULE_CHAIN_ID = 11;
export const NFTA_RULE_MAX = 11;

/* enum nft_set_flags: set flags */
export const NFT_SET_ANONYMOUS = 0x1;
export const NFT_SET_CONSTANT = 0x2;
export const NFT_SET_INTERVAL = 0x4;
export const NFT_SET_MAP = 0x8;
export const NFT_SET_TIMEOUT = 0x10;
export const NFT_SET_EVAL = 0x20;
export const NFT_SET_OBJECT = 0x40;
export const NFT_SET_CONCAT = 0x80;

/* enum nft_set_policies: set selection policy */
export const NFT_SET_POL_PERFORMANCE = 0;
export const NFT_SET_POL_MEMORY = 1;

/* enum nft_set_desc_attributes: set description */
export const NFTA_SET_DESC_UNSPEC = 0;
export const NFTA_SET_DESC_SIZE = 1;
export const NFTA_SET_DESC_CONCAT = 2;
export const NFTA_SET_DESC_MAX = 2;

/* enum nft_set_field_attributes: one field of a concatenated key (length in bytes) */
export const NFTA_SET_FIELD_UNSPEC = 0;
export const NFTA_SET_FIELD_LEN = 1;
export const NFTA_SET_FIELD_MAX = 1;

/* enum nft_set_attributes: set */
export const NFTA_SET_UNSPEC = 0;
export const NFTA_SET_TABLE = 1;
export const NFTA_SET_NAME = 2;
export const NFTA_SET_FLAGS = 3;
export const NFTA_SET_KEY_TYPE = 4;
export const NFTA_SET_KEY_LEN = 5;
export const NFTA_SET_DATA_TYPE = 6;
export const NFTA_SET_DATA_LEN = 7;
export const NFTA_SET_POLICY = 8;
export const NFTA_SET_DESC = 9;
export const NFTA_SET_ID = 10;
export const NFTA_SET_TIMEOUT = 11;
export const NFTA_SET_GC_INTERVAL = 12;
export const NFTA_SET_USERDATA = 13;
export const NFTA_SET_PAD = 14;
export const NFTA_SET_OBJ_TYPE = 15;
export const NFTA_SET_HANDLE = 16;
export const NFTA_SET_EXPR = 17;
export const NFTA_SET_MAX = 17;

/* enum nft_set_elem_flags: set element flags */
export const NFT_SET_ELEM_INTERVAL_END = 0x1;

/* enum nft_set_elem_attributes: set element */
export const NFTA_SET_ELEM_UNSPEC = 0;
export const NFTA_SET_ELEM_KEY = 1;
export const NFTA_SET_ELEM_DATA = 2;
export const NFTA_SET_ELEM_FLAGS = 3;
export const NFTA_SET_ELEM_TIMEOUT = 4;
export const NFTA_SET_ELEM_EXPIRATION = 5;
export const NFTA_SET_ELEM_USERDATA = 6;
export const NFTA_SET_ELEM_EXPR = 7;
export const NFTA_SET_ELEM_PAD = 8;
export const NFTA_SET_ELEM_OBJREF = 9;
export const NFTA_SET_ELEM_KEY_END = 10;
export const NFTA_SET_ELEM_MAX = 10;

/* enum nft_set_elem_list_attributes: set element list */
export const NFTA_SET_ELEM_LIST_UNSPEC = 0;
export const NFTA_SET_ELEM_LIST_TABLE = 1;
export const NFTA_SET_ELEM_LIST_SET = 2;
export const NFTA_SET_ELEM_LIST_ELEMENTS = 3;
export const NFTA_SET_ELEM_LIST_SET_ID = 4;
export const NFTA_SET_ELEM_LIST_MAX = 4;

/* enum nft_data_types: data types */
export const NFT_DATA_VALUE = 0;
export const NFT_DATA_VERDICT = 0xffffff00;
export const NFT_DATA_RESERVED_MASK = 0xffffff00;

/* enum nft_data_attributes: data: a value or a verdict */
export const NFTA_DATA_UNSPEC = 0;
export const NFTA_DATA_VALUE = 1;
export const NFTA_DATA_VERDICT = 2;
export const NFTA_DATA_MAX = 2;
export const NFT_DATA_VALUE_MAXLEN = 64;

/* enum nft_verdict_attributes: verdict (code signed) */
export const NFTA_VERDICT_UNSPEC = 0;
export const NFTA_VERDICT_CODE = 1;
export const NFTA_VERDICT_CHAIN = 2;
export const NFTA_VERDICT_CHAIN_ID = 3;
export const NFTA_VERDICT_MAX = 3;

/* enum nft_expr_attributes: expression */
export const NFTA_EXPR_UNSPEC = 0;
export const NFTA_EXPR_NAME = 1;
export const NFTA_EXPR_DATA = 2;
export const NFTA_EXPR_MAX = 2;

/* enum nft_immediate_attributes: immediate */
export const NFTA_IMMEDIATE_UNSPEC = 0;
export const NFTA_IMMEDIATE_DREG = 1;
export const NFTA_IMMEDIATE_DATA = 2;
export const NFTA_IMMEDIATE_MAX = 2;

/* enum nft_bitwise_ops: bitwise operations */
export const NFT_BITWISE_BOOL = 0;
export const NFT_BITWISE_LSHIFT = 1;
export const NFT_BITWISE_RSHIFT = 2;

/* enum nft_bitwise_attributes: bitwise */
export const NFTA_BITWISE_UNSPEC = 0;
export const NFTA_BITWISE_SREG = 1;
export const NFTA_BITWISE_DREG = 2;
export const NFTA_BITWISE_LEN = 3;
export const NFTA_BITWISE_MASK = 4;
export const NFTA_BITWISE_XOR = 5;
export const NFTA_BITWISE_OP = 6;
export const NFTA_BITWISE_DATA = 7;
export const NFTA_BITWISE_MAX = 7;

/* enum nft_byteorder_ops: byteorder operations */
export const NFT_BYTEORDER_NTOH = 0;
export const NFT_BYTEORDER_HTON = 1;

/* enum nft_byteorder_attributes: byteorder */
export const NFTA_BYTEORDER_UNSPEC = 0;
export const NFTA_BYTEORDER_SREG = 1;
export const NFTA_BYTEORDER_DREG = 2;
export const NFTA_BYTEORDER_OP = 3;
export const NFTA_BYTEORDER_LEN = 4;
export const NFTA_BYTEORDER_SIZE = 5;
export const NFTA_BYTEORDER_MAX = 5;

/* enum nft_cmp_ops: cmp operations */
export const NFT_CMP_EQ = 0;
export const NFT_CMP_NEQ = 1;
export const NFT_CMP_LT = 2;
export const NFT_CMP_LTE = 3;
export const NFT_CMP_GT = 4;
export const NFT_CMP_GTE = 5;

/* enum nft_cmp_attributes: cmp */
export const NFTA_CMP_UNSPEC = 0;
export const NFTA_CMP_SREG = 1;
export const NFTA_CMP_OP = 2;
export const NFTA_CMP_DATA = 3;
export const NFTA_CMP_MAX = 3;

/* enum nft_range_ops: range operations */
export const NFT_RANGE_EQ = 0;
export const NFT_RANGE_NEQ = 1;

/* enum nft_range_attributes: range */
export const NFTA_RANGE_UNSPEC = 0;
export const NFTA_RANGE_SREG = 1;
export const NFTA_RANGE_OP = 2;
export const NFTA_RANGE_FROM_DATA = 3;
export const NFTA_RANGE_TO_DATA = 4;
export const NFTA_RANGE_MAX = 4;

/* enum nft_lookup_flags: lookup flags */
export const NFT_LOOKUP_F_INV = 1 << 0;

/* enum nft_lookup_attributes: lookup */
export const NFTA_LOOKUP_UNSPEC = 0;
export const NFTA_LOOKUP_SET = 1;
export const NFTA_LOOKUP_SREG = 2;
export const NFTA_LOOKUP_DREG = 3;
export const NFTA_LOOKUP_SET_ID = 4;
export const NFTA_LOOKUP_FLAGS = 5;
export const NFTA_LOOKUP_MAX = 5;

/* enum nft_dynset_ops: dynset operations */
export const NFT_DYNSET_OP_ADD = 0;
export const NFT_DYNSET_OP_UPDATE = 1;
export const NFT_DYNSET_OP_DELETE = 2;

/* enum nft_dynset_flags: dynset flags */
export const NFT_DYNSET_F_INV = 1 << 0;

/* enum nft_dynset_attributes: dynset */
export const NFTA_DYNSET_UNSPEC = 0;
export const NFTA_DYNSET_SET_NAME = 1;
export const NFTA_DYNSET_SET_ID = 2;
export const NFTA_DYNSET_OP = 3;
export const NFTA_DYNSET_SREG_KEY = 4;
export const NFTA_DYNSET_SREG_DATA = 5;
export const NFTA_DYNSET_TIMEOUT = 6;
export const NFTA_DYNSET_EXPR = 7;
export const NFTA_DYNSET_PAD = 8;
export const NFTA_DYNSET_FLAGS = 9;
export const NFTA_DYNSET_MAX = 9;

/* enum nft_payload_bases: payload bases */
export const NFT_PAYLOAD_LL_HEADER = 0;
export const NFT_PAYLOAD_NETWORK_HEADER = 1;
export const NFT_PAYLOAD_TRANSPORT_HEADER = 2;

/* enum nft_payload_csum_types: payload checksum types */
export const NFT_PAYLOAD_CSUM_NONE = 0;
export const NFT_PAYLOAD_CSUM_INET = 1;
export const NFT_PAYLOAD_CSUM_SCTP = 2;

/* enum nft_payload_csum_flags: payload checksum flags */
export const NFT_PAYLOAD_L4CSUM_PSEUDOHDR = 1 << 0;

/* enum nft_payload_attributes: payload (offset and length in bytes) */
export const NFTA_PAYLOAD_UNSPEC = 0;
export const NFTA_PAYLOAD_DREG = 1;
export const NFTA_PAYLOAD_BASE = 2;
export const NFTA_PAYLOAD_OFFSET = 3;
export const NFTA_PAYLOAD_LEN = 4;
export const NFTA_PAYLOAD_SREG = 5;
export const NFTA_PAYLOAD_CSUM_TYPE = 6;
export const NFTA_PAYLOAD_CSUM_OFFSET = 7;
export const NFTA_PAYLOAD_CSUM_FLAGS = 8;
export const NFTA_PAYLOAD_MAX = 8;

/* enum nft_meta_keys: meta keys */
export const NFT_META_LEN = 0;
export const NFT_META_PROTOCOL = 1;
export const NFT_META_PRIORITY = 2;
export const NFT_META_MARK = 3;
export const NFT_META_IIF = 4;
export const NFT_META_OIF = 5;
export const NFT_META_IIFNAME = 6;
export const NFT_META_OIFNAME = 7;
export const NFT_META_IIFTYPE = 8;
export const NFT_META_OIFTYPE = 9;
export const NFT_META_SKUID = 10;
export const NFT_META_SKGID = 11;
export const NFT_META_NFTRACE = 12;
export const NFT_META_RTCLASSID = 13;
export const NFT_META_SECMARK = 14;
export const NFT_META_NFPROTO = 15;
export const NFT_META_L4PROTO = 16;
export const NFT_META_BRI_IIFNAME = 17;
export const NFT_META_BRI_OIFNAME = 18;
export const NFT_META_PKTTYPE = 19;
export const NFT_META_CPU = 20;
export const NFT_META_IIFGROUP = 21;
export const NFT_META_OIFGROUP = 22;
export const NFT_META_CGROUP = 23;
export const NFT_META_PRANDOM = 24;
export const NFT_META_SECPATH = 25;
export const NFT_META_IIFKIND = 26;
export const NFT_META_OIFKIND = 27;
export const NFT_META_BRI_IIFPVID = 28;
export const NFT_META_BRI_IIFVPROTO = 29;
export const NFT_META_TIME_NS = 30;
export const NFT_META_TIME_DAY = 31;
export const NFT_META_TIME_HOUR = 32;
export const NFT_META_SDIF = 33;
export const NFT_META_SDIFNAME = 34;

/* enum nft_meta_attributes: meta */
export const NFTA_META_UNSPEC = 0;
export const NFTA_META_DREG = 1;
export const NFTA_META_KEY = 2;
export const NFTA_META_SREG = 3;
export const NFTA_META_MAX = 3;

/* enum nft_ct_keys: ct keys */
export const NFT_CT_STATE = 0;
export const NFT_CT_DIRECTION = 1;
export const NFT_CT_STATUS = 2;
export const NFT_CT_MARK = 3;
export const NFT_CT_SECMARK = 4;
export const NFT_CT_EXPIRATION = 5;
export const NFT_CT_HELPER = 6;
export const NFT_CT_L3PROTOCOL = 7;
export const NFT_CT_SRC = 8;
export const NFT_CT_DST = 9;
export const NFT_CT_PROTOCOL = 10;
export const NFT_CT_PROTO_SRC = 11;
export const NFT_CT_PROTO_DST = 12;
export const NFT_CT_LABELS = 13;
export const NFT_CT_PKTS = 14;
export const NFT_CT_BYTES = 15;
export const NFT_CT_AVGPKT = 16;
export const NFT_CT_ZONE = 17;
export const NFT_CT_EVENTMASK = 18;
export const NFT_CT_SRC_IP = 19;
export const NFT_CT_DST_IP = 20;
export const NFT_CT_SRC_IP6 = 21;
export const NFT_CT_DST_IP6 = 22;
export const NFT_CT_ID = 23;
export const NFT_CT_MAX = 23;

/* enum nft_ct_attributes: ct */
export const NFTA_CT_UNSPEC = 0;
export const NFTA_CT_DREG = 1;
export const NFTA_CT_KEY = 2;
export const NFTA_CT_DIRECTION = 3;
export const NFTA_CT_SREG = 4;
export const NFTA_CT_MAX = 4;

/* enum nft_offload_attributes: flow_offload */
export const NFTA_FLOW_UNSPEC = 0;
export const NFTA_FLOW_TABLE_NAME = 1;
export const NFTA_FLOW_MAX = 1;

/* enum nft_limit_type: limit types */
export const NFT_LIMIT_PKTS = 0;
export const NFT_LIMIT_PKT_BYTES = 1;

/* enum nft_limit_flags: limit flags */
export const NFT_LIMIT_F_INV = 1 << 0;

/* enum nft_limit_attributes: limit */
export const NFTA_LIMIT_UNSPEC = 0;
export const NFTA_LIMIT_RATE = 1;
export const NFTA_LIMIT_UNIT = 2;
export const NFTA_LIMIT_BURST = 3;
export const NFTA_LIMIT_TYPE = 4;
export const NFTA_LIMIT_FLAGS = 5;
export const NFTA_LIMIT_PAD = 6;
export const NFTA_LIMIT_MAX = 6;

/* enum nft_counter_attributes: counter */
export const NFTA_COUNTER_UNSPEC = 0;
export const NFTA_COUNTER_BYTES = 1;
export const NFTA_COUNTER_PACKETS = 2;
export const NFTA_COUNTER_PAD = 3;
export const NFTA_COUNTER_MAX = 3;

/* enum nft_log_attributes: log */
export const NFTA_LOG_UNSPEC = 0;
export const NFTA_LOG_GROUP = 1;
export const NFTA_LOG_PREFIX = 2;
export const NFTA_LOG_SNAPLEN = 3;
export const NFTA_LOG_QTHRESHOLD = 4;
export const NFTA_LOG_LEVEL = 5;
export const NFTA_LOG_FLAGS = 6;
export const NFTA_LOG_MAX = 6;

/* enum nft_log_level: log levels */
export const NFT_LOGLEVEL_EMERG = 0;
export const NFT_LOGLEVEL_ALERT = 1;
export const NFT_LOGLEVEL_CRIT = 2;
export const NFT_LOGLEVEL_ERR = 3;
export const NFT_LOGLEVEL_WARNING = 4;
export const NFT_LOGLEVEL_NOTICE = 5;
export const NFT_LOGLEVEL_INFO = 6;
export const NFT_LOGLEVEL_DEBUG = 7;
export const NFT_LOGLEVEL_AUDIT = 8;
export const NFT_LOGLEVEL_MAX = 8;

/* enum nft_reject_types: reject types */
export const NFT_REJECT_ICMP_UNREACH = 0;
export const NFT_REJECT_TCP_RST = 1;
export const NFT_REJECT_ICMPX_UNREACH = 2;

/* enum nft_reject_inet_code: reject codes independent of the family */
export const NFT_REJECT_ICMPX_NO_ROUTE = 0;
export const NFT_REJECT_ICMPX_PORT_UNREACH = 1;
export const NFT_REJECT_ICMPX_HOST_UNREACH = 2;
export const NFT_REJECT_ICMPX_ADMIN_PROHIBITED = 3;
export const NFT_REJECT_ICMPX_MAX = 3;

/* enum nft_reject_attributes: reject */
export const NFTA_REJECT_UNSPEC = 0;
export const NFTA_REJECT_TYPE = 1;
export const NFTA_REJECT_ICMP_CODE = 2;
export const NFTA_REJECT_MAX = 2;

/* enum nft_nat_types: nat types */
export const NFT_NAT_SNAT = 0;
export const NFT_NAT_DNAT = 1;

/* enum nft_nat_attributes: nat */
export const NFTA_NAT_UNSPEC = 0;
export const NFTA_NAT_TYPE = 1;
export const NFTA_NAT_FAMILY = 2;
export const NFTA_NAT_REG_ADDR_MIN = 3;
export const NFTA_NAT_REG_ADDR_MAX = 4;
export const NFTA_NAT_REG_PROTO_MIN = 5;
export const NFTA_NAT_REG_PROTO_MAX = 6;
export const NFTA_NAT_FLAGS = 7;
export const NFTA_NAT_MAX = 7;

/* enum nft_masq_attributes: masq */
export const NFTA_MASQ_UNSPEC = 0;
export const NFTA_MASQ_FLAGS = 1;
export const NFTA_MASQ_REG_PROTO_MIN = 2;
export const NFTA_MASQ_REG_PROTO_MAX = 3;
export const NFTA_MASQ_MAX = 3;

/* enum nft_redir_attributes: redir */
export const NFTA_REDIR_UNSPEC = 0;
export const NFTA_REDIR_REG_PROTO_MIN = 1;
export const NFTA_REDIR_REG_PROTO_MAX = 2;
export const NFTA_REDIR_FLAGS = 3;
export const NFTA_REDIR_MAX = 3;

/* enum nft_objref_attributes: objref */
export const NFTA_OBJREF_UNSPEC = 0;
export const NFTA_OBJREF_IMM_TYPE = 1;
export const NFTA_OBJREF_IMM_NAME = 2;
export const NFTA_OBJREF_SET_SREG = 3;
export const NFTA_OBJREF_SET_NAME = 4;
export const NFTA_OBJREF_SET_ID = 5;
export const NFTA_OBJREF_MAX = 5;

/* enum nft_gen_attributes: generation */
export const NFTA_GEN_UNSPEC = 0;
export const NFTA_GEN_ID = 1;
export const NFTA_GEN_PROC_PID = 2;
export const NFTA_GEN_PROC_NAME = 3;
export const NFTA_GEN_MAX = 3;

/* enum nft_fib_attributes: fib */
export const NFTA_FIB_UNSPEC = 0;
export const NFTA_FIB_DREG = 1;
export const NFTA_FIB_RESULT = 2;
export const NFTA_FIB_FLAGS = 3;
export const NFTA_FIB_MAX = 3;

/* enum nft_fib_result: fib results */
export const NFT_FIB_RESULT_UNSPEC = 0;
export const NFT_FIB_RESULT_OIF = 1;
export const NFT_FIB_RESULT_OIFNAME = 2;
export const NFT_FIB_RESULT_ADDRTYPE = 3;
export const NFT_FIB_RESULT_MAX = 3;

/* enum nft_fib_flags: fib flags */
export const NFTA_FIB_F_SADDR = 1 << 0;
export const NFTA_FIB_F_DADDR = 1 << 1;
export const NFTA_FIB_F_MARK = 1 << 2;
export const NFTA_FIB_F_IIF = 1 << 3;
export const NFTA_FIB_F_OIF = 1 << 4;
export const NFTA_FIB_F_PRESENT = 1 << 5;

/* stateful object types */
export const NFT_OBJECT_UNSPEC = 0;
export const NFT_OBJECT_COUNTER = 1;
export const NFT_OBJECT_QUOTA = 2;
export const NFT_OBJECT_CT_HELPER = 3;
export const NFT_OBJECT_LIMIT = 4;
export const NFT_OBJECT_CONNLIMIT = 5;
export const NFT_OBJECT_CT_TIMEOUT = 7;
export const NFT_OBJECT_SECMARK = 8;
export const NFT_OBJECT_CT_EXPECT = 9;
export const NFT_OBJECT_SYNPROXY = 10;
export const NFT_OBJECT_MAX = 10;

/* enum nft_object_attributes: stateful object */
export const NFTA_OBJ_UNSPEC = 0;
export const NFTA_OBJ_TABLE = 1;
export const NFTA_OBJ_NAME = 2;
export const NFTA_OBJ_TYPE = 3;
export const NFTA_OBJ_DATA = 4;
export const NFTA_OBJ_USE = 5;
export const NFTA_OBJ_HANDLE = 6;
export const NFTA_OBJ_PAD = 7;
export const NFTA_OBJ_USERDATA = 8;
export const NFTA_OBJ_MAX = 8;

/* enum nft_flowtable_flags: flowtable flags */
export const NFT_FLOWTABLE_HW_OFFLOAD = 0x1;
export const NFT_FLOWTABLE_COUNTER = 0x2;
export const NFT_FLOWTABLE_MASK = NFT_FLOWTABLE_HW_OFFLOAD | NFT_FLOWTABLE_COUNTER;

/* enum nft_flowtable_attributes: flowtable */
export const NFTA_FLOWTABLE_UNSPEC = 0;
export const NFTA_FLOWTABLE_TABLE = 1;
export const NFTA_FLOWTABLE_NAME = 2;
export const NFTA_FLOWTABLE_HOOK = 3;
export const NFTA_FLOWTABLE_USE = 4;
export const NFTA_FLOWTABLE_HANDLE = 5;
export const NFTA_FLOWTABLE_PAD = 6;
export const NFTA_FLOWTABLE_FLAGS = 7;
export const NFTA_FLOWTABLE_MAX = 7;

/* enum nft_flowtable_hook_attributes: flowtable hook (priority signed) */
export const NFTA_FLOWTABLE_HOOK_UNSPEC = 0;
export const NFTA_FLOWTABLE_HOOK_NUM = 1;
export const NFTA_FLOWTABLE_HOOK_PRIORITY = 2;
export const NFTA_FLOWTABLE_HOOK_DEVS = 3;
export const NFTA_FLOWTABLE_HOOK_MAX = 3;

/* enum nft_devices_attributes: device list */
export const NFTA_DEVICE_UNSPEC = 0;
export const NFTA_DEVICE_NAME = 1;
export const NFTA_DEVICE_MAX = 1;

/* enum nft_ng_attributes: numgen */
export const NFTA_NG_UNSPEC = 0;
export const NFTA_NG_DREG = 1;
export const NFTA_NG_MODULUS = 2;
export const NFTA_NG_TYPE = 3;
export const NFTA_NG_OFFSET = 4;
export const NFTA_NG_SET_NAME = 5;
export const NFTA_NG_SET_ID = 6;
export const NFTA_NG_MAX = 6;

/* enum nft_ng_types: numgen types */
export const NFT_NG_INCREMENTAL = 0;
export const NFT_NG_RANDOM = 1;
export const NFT_NG_MAX = 1;

/* enum nft_rt_keys: what rt loads */
export const NFT_RT_CLASSID = 0;
export const NFT_RT_NEXTHOP4 = 1;
export const NFT_RT_NEXTHOP6 = 2;
export const NFT_RT_TCPMSS = 3;
export const NFT_RT_XFRM = 4;

/* enum nft_rt_attributes: rt */
export const NFTA_RT_UNSPEC = 0;
export const NFTA_RT_DREG = 1;
export const NFTA_RT_KEY = 2;
export const NFTA_RT_MAX = 2;

/* enum nft_exthdr_flags: only say whether it is there */
export const NFT_EXTHDR_F_PRESENT = 1 << 0;

/* enum nft_exthdr_op: kinds of extension */
export const NFT_EXTHDR_OP_IPV6 = 0;
export const NFT_EXTHDR_OP_TCPOPT = 1;
export const NFT_EXTHDR_OP_IPV4 = 2;

/* enum nft_exthdr_attributes: exthdr */
export const NFTA_EXTHDR_UNSPEC = 0;
export const NFTA_EXTHDR_DREG = 1;
export const NFTA_EXTHDR_TYPE = 2;
export const NFTA_EXTHDR_OFFSET = 3;
export const NFTA_EXTHDR_LEN = 4;
export const NFTA_EXTHDR_FLAGS = 5;
export const NFTA_EXTHDR_OP = 6;
export const NFTA_EXTHDR_SREG = 7;
export const NFTA_EXTHDR_MAX = 7;

/* enum nft_quota_flags: over instead of under; used up */
export const NFT_QUOTA_F_INV = 1 << 0;
export const NFT_QUOTA_F_DEPLETED = 1 << 1;

/* enum nft_quota_attributes: quota */
export const NFTA_QUOTA_UNSPEC = 0;
export const NFTA_QUOTA_BYTES = 1;
export const NFTA_QUOTA_FLAGS = 2;
export const NFTA_QUOTA_PAD = 3;
export const NFTA_QUOTA_CONSUMED = 4;
export const NFTA_QUOTA_MAX = 4;
