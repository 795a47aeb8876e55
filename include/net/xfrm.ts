/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/xfrm.h, base v5.10: IPsec.
 *
 * PORT: routing reaches net/xfrm/xfrm_policy.ts through a hook on the machine.
 */
import { machine_var } from '../linux/machine.ts';
import type { dst_entry } from './dst.ts';
import type { flowi } from './flow.ts';
import type { net } from './net_namespace.ts';
import type { sock } from './sock.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import { AF_INET, AF_INET6 } from '../linux/socket.ts';
import { ENOSYS } from '../uapi/linux/errno.ts';

/** A transform: security association. */
export class xfrm_state {}

/** A policy: which transforms a flow needs. */
export class xfrm_policy {}

/** Transforms that a received packet went through. */
export class sec_path {
	refcnt = 1;
	readonly xvec: xfrm_state[] = [];

	/** Ends it when the last packet lets go. */
	release(): void {
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

export const XFRM_POLICY_IN = 0;
export const XFRM_POLICY_OUT = 1;
export const XFRM_POLICY_FWD = 2;

/** What the receive and forward paths and sockets ask of IPsec. */
export interface xfrm_policy_check_hook {
	/** Tells whether a policy lets the packet pass; `dir` is XFRM_POLICY_* with the reverse bit 1 << 3. */
	policy_check: (sk: sock | null, dir: number, skb: sk_buff, family: number) => boolean;
	/** Puts the packet on the bundle that the forward policy asks for; false to drop. */
	route_forward: (skb: sk_buff, family: number) => boolean;
	/** Fills the flow key of a packet, of the answer to it with `reverse`; 0 or a negative errno. */
	decode_session: (skb: sk_buff, fl: flowi, family: number, reverse: boolean) => number;
	/** Tells whether the last transform a packet went through takes any ICMP error (XFRM_STATE_ICMP). */
	state_icmp: (skb: sk_buff) => boolean;
	sk_clone_policy: (sk: sock, osk: sock) => number;
	sk_free_policy: (sk: sock) => void;
}

/** Set by xfrm_init(); `fn` is null on a machine without IPsec: everything may pass. */
export const xfrm_policy_check_ops = machine_var(
	(): { fn: xfrm_policy_check_hook | null } => ({ fn: null }),
);

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
export function xfrm4_policy_check_reverse(
	sk: sock | null,
	dir: number,
	skb: sk_buff,
): boolean {
	return xfrm_policy_check(sk, dir | (1 << 3), skb, AF_INET);
}

/**
 * The same for IPv6.
 * @kernel include/net/xfrm.h:1078 (v5.10)
 */
export function xfrm6_policy_check_reverse(
	sk: sock | null,
	dir: number,
	skb: sk_buff,
): boolean {
	return xfrm_policy_check(sk, dir | (1 << 3), skb, AF_INET6);
}

/**
 * Puts a forwarded packet on the way that the policies ask for.
 * @returns false when it must be dropped
 * @kernel include/net/xfrm.h:1102 (v5.10)
 */
export function xfrm_route_forward(skb: sk_buff, family: number): boolean {
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
