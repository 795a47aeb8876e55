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

/** A transform: security association. */
export class xfrm_state {}

/** A policy: which transforms a flow needs. */
export class xfrm_policy {}

/** Transforms that a received packet went through. */
export class sec_path {}

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
