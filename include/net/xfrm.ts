/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/xfrm.h, base v5.10: IPsec.
 *
 * PORT: routing reaches net/xfrm/xfrm_policy.ts through a hook on the machine. xfrm_selector_match() is here
 * because states and policies need it.
 */
import { htonl } from '../linux/byteorder/generic.ts';
import { machine_var } from '../linux/machine.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import { AF_INET, AF_INET6 } from '../linux/socket.ts';
import type { __be32 } from '../linux/types.ts';
import { ENOSYS } from '../uapi/linux/errno.ts';
import {
	IPPROTO_DCCP,
	IPPROTO_ICMP,
	IPPROTO_SCTP,
	IPPROTO_TCP,
	IPPROTO_UDP,
	IPPROTO_UDPLITE,
} from '../uapi/linux/in.ts';
import {
	XFRM_MODE_TRANSPORT,
	XFRM_POLICY_ALLOW,
	XFRM_POLICY_FWD,
	XFRM_POLICY_IN,
	XFRM_POLICY_MASK,
	XFRM_POLICY_OUT,
	xfrm_lifetime_cfg,
	xfrm_lifetime_cur,
	xfrm_selector,
	type xfrm_algo,
	type xfrm_id,
	type xfrm_user_tmpl,
} from '../uapi/linux/xfrm.ts';
import type { dst_entry } from './dst.ts';
import type { flowi, flowi4 } from './flow.ts';
import type { net } from './net_namespace.ts';
import type { sock } from './sock.ts';

export { XFRM_POLICY_FWD, XFRM_POLICY_IN, XFRM_POLICY_OUT };

/* km.state of a transform */
export const XFRM_STATE_VOID = 0;
export const XFRM_STATE_ACQ = 1;
export const XFRM_STATE_VALID = 2;
export const XFRM_STATE_ERROR = 3;
export const XFRM_STATE_EXPIRED = 4;
export const XFRM_STATE_DEAD = 5;

/** A protocol that transforms packets: ESP. */
export interface xfrm_type {
	description: string;
	/** IPPROTO_ESP */
	proto: number;
	/** Checks and prepares algorithms and lengths; 0 or a negative errno. */
	init_state: (x: xfrm_state) => number;
	destructor: (x: xfrm_state) => void;
	/** Undoes the transform of a packet; the protocol inside, or a negative errno. */
	input: (x: xfrm_state, skb: sk_buff) => number;
	/** Transforms a packet; 0 or a negative errno. */
	output: (x: xfrm_state, skb: sk_buff) => number;
}

/** Encrypts and authenticates; what crypto_alloc_aead() of an authenc() gives. */
export interface crypto_aead {
	readonly blocksize: number;
	readonly ivsize: number;
	readonly authsize: number;
	/**
	 * Encrypts in place and writes the authentication value behind.
	 * @param off of the associated data, `assoclen` bytes; IV and text follow
	 */
	encrypt: (
		buf: Uint8Array,
		off: number,
		assoclen: number,
		textlen: number,
		iv: Uint8Array,
	) => void;
	/** The reverse; false when the authentication value is wrong. */
	decrypt: (buf: Uint8Array, off: number, assoclen: number, textlen: number) => boolean;
}

/** A transform: security association. */
export class xfrm_state {
	readonly xs_net: net;
	refcnt = 1;
	id: xfrm_id = { daddr: htonl(0), spi: htonl(0), proto: 0 };
	sel = new xfrm_selector();
	/** Grows when a newer state of the same ends comes. */
	genid = 0;
	/** XFRM_STATE_VOID and the like. */
	km_state = XFRM_STATE_VOID;
	km_dying = false;
	props = {
		reqid: 0,
		mode: XFRM_MODE_TRANSPORT,
		replay_window: 0,
		/** Name of the algorithm's number, which templates may restrict. */
		aalgo: 0,
		ealgo: 0,
		/** XFRM_STATE_NOECN and the like. */
		flags: 0,
		family: 0,
		saddr: htonl(0),
		/** Bytes in front of the payload. */
		header_len: 0,
		/** Bytes behind it, at most. */
		trailer_len: 0,
	};
	lft = new xfrm_lifetime_cfg();
	/** PORT: xfrm_algo holds the length that xfrm_algo_auth adds. */
	aalg: xfrm_algo | null = null;
	ealg: xfrm_algo | null = null;
	replay = { oseq: 0, seq: 0, bitmap: 0 };
	stats = { replay_window: 0, replay: 0, integrity_failed: 0 };
	curlft = new xfrm_lifetime_cur();
	type: xfrm_type | null = null;
	/** Set by the type. */
	data: crypto_aead | null = null;

	constructor(xs_net: net) {
		this.xs_net = xs_net;
	}
}

/** A policy: which transforms a flow needs. */
export class xfrm_policy {
	readonly xp_net: net;
	refcnt = 1;
	/** Grows when the policy ends: bundles made from it are stale then. */
	genid = 0;
	dead = false;
	priority = 0;
	index = 0;
	selector = new xfrm_selector();
	lft = new xfrm_lifetime_cfg();
	curlft = new xfrm_lifetime_cur();
	action = XFRM_POLICY_ALLOW;
	/** XFRM_POLICY_LOCALOK, XFRM_POLICY_ICMP */
	flags = 0;
	family = 0;
	xfrm_vec: xfrm_user_tmpl[] = [];

	constructor(xp_net: net) {
		this.xp_net = xp_net;
	}
}

/**
 * Tells whether an address is within a prefix.
 * @param a1 network order
 * @param prefixlen 0 to 32
 * @kernel include/net/xfrm.h:789 (v5.10)
 */
function addr4_match(a1: __be32, a2: __be32, prefixlen: number): boolean {
	if (prefixlen === 0) return true;
	return (a1 ^ a2) >>> (32 - prefixlen) === 0;
}

/**
 * Tells whether a flow is one that a selector means. Ports of a flow without ports are ICMP's type and code.
 * @param family AF_INET; nothing matches another
 * @kernel net/xfrm/xfrm_policy.c:222 (v5.10)
 */
export function xfrm_selector_match(sel: xfrm_selector, fl: flowi, family: number): boolean {
	if (family !== AF_INET) return false;
	const fl4 = fl as flowi4;
	let sport = 0;
	let dport = 0;
	switch (fl4.flowi4_proto) {
		case IPPROTO_TCP:
		case IPPROTO_UDP:
		case IPPROTO_UDPLITE:
		case IPPROTO_SCTP:
		case IPPROTO_DCCP:
			sport = fl4.uli_sport;
			dport = fl4.uli_dport;
			break;
		case IPPROTO_ICMP:
			sport = fl4.uli_type;
			dport = fl4.uli_code;
			break;
	}
	return (
		addr4_match(fl4.daddr, sel.daddr, sel.prefixlen_d) &&
		addr4_match(fl4.saddr, sel.saddr, sel.prefixlen_s) &&
		((dport ^ sel.dport) & sel.dport_mask) === 0 &&
		((sport ^ sel.sport) & sel.sport_mask) === 0 &&
		(fl4.flowi4_proto === sel.proto || sel.proto === 0) &&
		(fl4.flowi4_oif === sel.ifindex || sel.ifindex === 0)
	);
}

/** Transforms that a received packet went through. */
export class sec_path {
	refcnt = 1;
	readonly xvec: xfrm_state[] = [];

	/** Ends it when the last packet lets go. */
	release(): void {
		for (const x of this.xvec) x.refcnt--;
		this.xvec.length = 0;
	}
}

export const XFRM_LOOKUP_ICMP = 1 << 0;
export const XFRM_LOOKUP_QUEUE = 1 << 1;
export const XFRM_LOOKUP_KEEP_DST_REF = 1 << 2;

/** xfrm_lookup() and xfrm_lookup_route(): take over the reference on dst_orig. */
export interface xfrm_lookup_hook {
	/** Gives the bundle, dst_orig when no policy applies, or a negative errno. */
	xfrm_lookup: (
		net: net,
		dst_orig: dst_entry,
		fl: flowi,
		sk: sock | null,
		flags: number,
	) => dst_entry | number;
	/** The same; a blocked packet gets a blackhole route instead of an errno. */
	xfrm_lookup_route: (
		net: net,
		dst_orig: dst_entry,
		fl: flowi,
		sk: sock | null,
		flags: number,
	) => dst_entry | number;
}

/** Set by xfrm_init(); `fn` is null on a machine without IPsec: lookups then give dst_orig. */
export const xfrm_lookup_ops = machine_var((): { fn: xfrm_lookup_hook | null } => ({ fn: null }));

/** What the receive and forward paths and sockets ask of IPsec. */
export interface xfrm_policy_check_hook {
	/**
	 * Tells whether a policy lets the packet pass, where there are some or a transform was undone; `dir` is
	 * XFRM_POLICY_* with the reverse bit 1 << 3.
	 */
	policy_check: (sk: sock | null, dir: number, skb: sk_buff, family: number) => boolean;
	/** Puts the packet on the bundle that a policy asks for, where there are some; false to drop. */
	route_forward: (skb: sk_buff, family: number) => boolean;
	/** Fills the flow key of a packet, of the answer to it with `reverse`; 0 or a negative errno. */
	decode_session: (skb: sk_buff, fl: flowi, family: number, reverse: boolean) => number;
	/** Tells whether the last transform a packet went through takes any ICMP error (XFRM_STATE_ICMP). */
	state_icmp: (skb: sk_buff) => boolean;
	sk_clone_policy: (sk: sock, osk: sock) => number;
	sk_free_policy: (sk: sock) => void;
}

/** Set by xfrm_init(); `fn` is null on a machine without IPsec: everything may pass. */
export const xfrm_policy_check_ops = machine_var((): { fn: xfrm_policy_check_hook | null } => ({
	fn: null,
}));

/**
 * Asks whether a policy lets a packet pass.
 * @param sk socket whose own policies count first, or null
 * @param dir XFRM_POLICY_*
 * @param family AF_INET or AF_INET6
 * @kernel include/net/xfrm.h:1057 (v5.10)
 */
export function xfrm_policy_check(
	sk: sock | null,
	dir: number,
	skb: sk_buff,
	family: number,
): boolean {
	if (skb.dev!.nd_net.xfrm.policy_count[(dir & XFRM_POLICY_MASK) as 0 | 1 | 2] === 0 && skb.sp === null)
		return true;
	const fn = xfrm_policy_check_ops.of(skb.machine).fn;
	return fn === null || fn.policy_check(sk, dir, skb, family);
}

/**
 * The same for IPv4.
 * @kernel include/net/xfrm.h:1062 (v5.10)
 */
export function xfrm4_policy_check(sk: sock | null, dir: number, skb: sk_buff): boolean {
	return xfrm_policy_check(sk, dir, skb, AF_INET);
}

/**
 * The same for IPv6.
 * @kernel include/net/xfrm.h:1067 (v5.10)
 */
export function xfrm6_policy_check(sk: sock | null, dir: number, skb: sk_buff): boolean {
	return xfrm_policy_check(sk, dir, skb, AF_INET6);
}

/**
 * The same for a packet that is quoted in an ICMP error, whose flow runs the other way.
 * @kernel include/net/xfrm.h:1072 (v5.10)
 */
export function xfrm4_policy_check_reverse(sk: sock | null, dir: number, skb: sk_buff): boolean {
	return xfrm_policy_check(sk, dir | (1 << 3), skb, AF_INET);
}

/**
 * The same for IPv6.
 * @kernel include/net/xfrm.h:1078 (v5.10)
 */
export function xfrm6_policy_check_reverse(sk: sock | null, dir: number, skb: sk_buff): boolean {
	return xfrm_policy_check(sk, dir | (1 << 3), skb, AF_INET6);
}

/**
 * Fills the flow key of a packet.
 * @returns 0, or -ENOSYS without IPsec
 * @kernel include/net/xfrm.h:1087 (v5.10)
 */
export function xfrm_decode_session(skb: sk_buff, fl: flowi, family: number): number {
	const fn = xfrm_policy_check_ops.of(skb.machine).fn;
	return fn === null ? -ENOSYS : fn.decode_session(skb, fl, family, false);
}

/**
 * Fills the flow key of the answer to a packet.
 * @returns 0, or -ENOSYS without IPsec
 * @kernel include/net/xfrm.h:1093 (v5.10)
 */
export function xfrm_decode_session_reverse(skb: sk_buff, fl: flowi, family: number): number {
	const fn = xfrm_policy_check_ops.of(skb.machine).fn;
	return fn === null ? -ENOSYS : fn.decode_session(skb, fl, family, true);
}

/**
 * Puts a forwarded packet on the way that the policies ask for.
 * @returns false when it must be dropped
 * @kernel include/net/xfrm.h:1102 (v5.10)
 */
export function xfrm_route_forward(skb: sk_buff, family: number): boolean {
	if (skb.dev!.nd_net.xfrm.policy_count[XFRM_POLICY_OUT] === 0) return true;
	const fn = xfrm_policy_check_ops.of(skb.machine).fn;
	return fn === null || fn.route_forward(skb, family);
}

/**
 * The same for IPv4.
 * @kernel include/net/xfrm.h:1111 (v5.10)
 */
export function xfrm4_route_forward(skb: sk_buff): boolean {
	return xfrm_route_forward(skb, AF_INET);
}

/**
 * The same for IPv6.
 * @kernel include/net/xfrm.h:1116 (v5.10)
 */
export function xfrm6_route_forward(skb: sk_buff): boolean {
	return xfrm_route_forward(skb, AF_INET6);
}

/**
 * Gives an accepted socket the policies of its listener.
 * @returns 0 or a negative errno
 * @kernel include/net/xfrm.h:1123 (v5.10)
 */
export function xfrm_sk_clone_policy(sk: sock, osk: sock): number {
	sk.sk_policy[0] = null;
	sk.sk_policy[1] = null;
	if (osk.sk_policy[0] === null && osk.sk_policy[1] === null) return 0;
	const fn = xfrm_policy_check_ops.of(sk.machine).fn;
	return fn === null ? 0 : fn.sk_clone_policy(sk, osk);
}

/**
 * Lets go of a socket's policies.
 * @kernel include/net/xfrm.h:1134 (v5.10)
 */
export function xfrm_sk_free_policy(sk: sock): void {
	if (sk.sk_policy[0] === null && sk.sk_policy[1] === null) return;
	xfrm_policy_check_ops.of(sk.machine).fn?.sk_free_policy(sk);
	sk.sk_policy[0] = null;
	sk.sk_policy[1] = null;
}
