/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * include/uapi/linux/xfrm.h, base v5.10: numbers and messages of IPsec's control.
 *
 * PORT: a message is an object with the fields of its structs instead of a buffer. Only IPv4 is ported, an
 * xfrm_address_t is a __be32.
 * Not ported: async events, migration, security contexts, interfaces, offload, UDP encapsulation, marks.
 */
import { htonl, htons } from '../../linux/byteorder/generic.ts';
import type { __be16, __be32 } from '../../linux/types.ts';
import { nlmsg } from '../../net/netlink.ts';

export const XFRM_POLICY_IN = 0;
export const XFRM_POLICY_OUT = 1;
export const XFRM_POLICY_FWD = 2;
export const XFRM_POLICY_MASK = 3;

export const XFRM_SHARE_ANY = 0;

export const XFRM_MODE_TRANSPORT = 0;
export const XFRM_MODE_TUNNEL = 1;

export const XFRM_MAX_DEPTH = 6;
/** Limit that is never reached. */
export const XFRM_INF = 2 ** 64;

export const XFRM_MSG_NEWSA = 0x10;
export const XFRM_MSG_DELSA = 0x11;
export const XFRM_MSG_GETSA = 0x12;
export const XFRM_MSG_NEWPOLICY = 0x13;
export const XFRM_MSG_DELPOLICY = 0x14;
export const XFRM_MSG_GETPOLICY = 0x15;
export const XFRM_MSG_UPDPOLICY = 0x19;
export const XFRM_MSG_UPDSA = 0x1a;
export const XFRM_MSG_FLUSHSA = 0x1c;
export const XFRM_MSG_FLUSHPOLICY = 0x1d;

export const XFRM_STATE_NOECN = 1;
export const XFRM_STATE_DECAP_DSCP = 2;
export const XFRM_STATE_NOPMTUDISC = 4;
export const XFRM_STATE_WILDRECV = 8;
export const XFRM_STATE_ICMP = 16;

export const XFRM_POLICY_ALLOW = 0;
export const XFRM_POLICY_BLOCK = 1;
export const XFRM_POLICY_LOCALOK = 1;
export const XFRM_POLICY_ICMP = 2;

/** Which packets: part of a state and of a policy. */
export class xfrm_selector {
	daddr: __be32 = htonl(0);
	saddr: __be32 = htonl(0);
	dport: __be16 = htons(0);
	dport_mask: __be16 = htons(0);
	sport: __be16 = htons(0);
	sport_mask: __be16 = htons(0);
	/** AF_INET, or AF_UNSPEC for a state that takes any. */
	family = 0;
	prefixlen_d = 0;
	prefixlen_s = 0;
	proto = 0;
	ifindex = 0;
}

/** Which state. */
export interface xfrm_id {
	daddr: __be32;
	spi: __be32;
	/** IPPROTO_ESP */
	proto: number;
}

/** When a state or a policy ends: bytes and packets. */
export class xfrm_lifetime_cfg {
	soft_byte_limit = XFRM_INF;
	hard_byte_limit = XFRM_INF;
	soft_packet_limit = XFRM_INF;
	hard_packet_limit = XFRM_INF;
}

/** What went through so far; times in seconds of the machine's clock, 0 for never. */
export class xfrm_lifetime_cur {
	bytes = 0;
	packets = 0;
	add_time = 0;
	use_time = 0;
}

/** An algorithm with its key. */
export interface xfrm_algo {
	/** As the user wrote it; the kernel's name once it is in a state. */
	alg_name: string;
	alg_key: Uint8Array;
	/** Bits of the value that is sent, 0 for the algorithm's own; authentication only. */
	alg_trunc_len: number;
}

/** A template of a policy: the state a packet must go through. */
export class xfrm_user_tmpl {
	id: xfrm_id = { daddr: htonl(0), spi: htonl(0), proto: 0 };
	/** Family of the addresses, 0 for the policy's. */
	family = 0;
	saddr: __be32 = htonl(0);
	reqid = 0;
	mode = XFRM_MODE_TRANSPORT;
	share = XFRM_SHARE_ANY;
	optional = false;
	aalgos = 0xffffffff;
	ealgos = 0xffffffff;
	calgos = 0xffffffff;
}

/** Message about a state: struct xfrm_usersa_info with its attributes. */
export class xfrm_usersa_msg extends nlmsg {
	sel = new xfrm_selector();
	id: xfrm_id = { daddr: htonl(0), spi: htonl(0), proto: 0 };
	saddr: __be32 = htonl(0);
	lft = new xfrm_lifetime_cfg();
	curlft = new xfrm_lifetime_cur();
	stats = { replay_window: 0, replay: 0, integrity_failed: 0 };
	reqid = 0;
	family = 0;
	mode = XFRM_MODE_TRANSPORT;
	replay_window = 0;
	/** XFRM_STATE_NOECN and the like. */
	sa_flags = 0;
	replay = { oseq: 0, seq: 0, bitmap: 0 };
	/** XFRMA_ALG_AUTH or XFRMA_ALG_AUTH_TRUNC */
	aalg: xfrm_algo | null = null;
	/** XFRMA_ALG_CRYPT */
	ealg: xfrm_algo | null = null;
}

/** Message about a policy: struct xfrm_userpolicy_info with its templates, or xfrm_userpolicy_id. */
export class xfrm_userpolicy_msg extends nlmsg {
	sel = new xfrm_selector();
	lft = new xfrm_lifetime_cfg();
	curlft = new xfrm_lifetime_cur();
	priority = 0;
	index = 0;
	dir = XFRM_POLICY_IN;
	action = XFRM_POLICY_ALLOW;
	/** XFRM_POLICY_LOCALOK, XFRM_POLICY_ICMP */
	policy_flags = 0;
	share = XFRM_SHARE_ANY;
	tmpl: xfrm_user_tmpl[] = [];
}
