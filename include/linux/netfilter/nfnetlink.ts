/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/netfilter/nfnetlink.h, base v5.10, and the part of include/net/netlink.h and
 * lib/nlattr.c that checks attributes against a policy.
 *
 * What a subsystem registers with nfnetlink.
 * PORT: requests and answers are objects (include/net/netlink.ts); a GET returns its answers, so
 * one callback serves a single object and, with NLM_F_DUMP, a dump.
 * Not ported: sockets, multicast, locks, module owners.
 */
import type { net } from '../../net/net_namespace.ts';
import type { netlink_ext_ack, nfnl_msg, nlattrs } from '../../net/netlink.ts';
import { EINVAL, ERANGE } from '../../uapi/linux/errno.ts';

/* include/net/netlink.h: kinds of attributes */
export const NLA_U8 = 1;
export const NLA_U16 = 2;
export const NLA_U32 = 3;
export const NLA_U64 = 4;
export const NLA_STRING = 5;
export const NLA_BINARY = 6;
export const NLA_NESTED = 8;
/** PORT: a nested attribute that is a list, nlattrs[]. */
export const NLA_NESTED_LIST = 9;

/** What an attribute has to be; `len` is the greatest length of strings and binaries, bytes. */
export interface nla_policy_entry {
	readonly type: number;
	readonly len?: number;
}

/** Attribute type to kind; types without an entry are not looked at. */
export type nla_policy = Readonly<Record<number, nla_policy_entry>>;

/** Subsystem wants the batch rolled back only. */
export const NFNL_ABORT_NONE = 0;
/** Rolled back to try again with other settings (C: with modules loaded). */
export const NFNL_ABORT_AUTOLOAD = 1;
/** Rolled back after validating what was there. */
export const NFNL_ABORT_VALIDATE = 2;

/** Handlers of one message type; exactly one of the three calls is set. */
export interface nfnl_callback {
	/** Changes something outside of batches. Answers messages, 0 or -errno. */
	readonly call?: (net: net, msg: nfnl_msg, extack: netlink_ext_ack) => nfnl_msg[] | number;
	/** Reads. Answers messages, or -errno; msg.flags says whether it is a dump. */
	readonly call_rcu?: (
		net: net,
		msg: nfnl_msg,
		extack: netlink_ext_ack,
	) => nfnl_msg[] | number;
	/** One step of a batch. Answers 0 or -errno; -EAGAIN: roll back and run the batch again. */
	readonly call_batch?: (net: net, msg: nfnl_msg, extack: netlink_ext_ack) => number;
	readonly policy?: nla_policy;
	readonly attr_count: number;
}

/** A subsystem; cb is indexed by message type, null where there is none. */
export interface nfnetlink_subsystem {
	readonly name: string;
	/** NFNL_SUBSYS_* */
	readonly subsys_id: number;
	readonly cb: readonly (nfnl_callback | null)[];
	/** Makes a batch effective. 0, -EAGAIN to run it again, or -errno to roll it back. */
	readonly commit?: (net: net) => number;
	/** Takes a batch back. @param action NFNL_ABORT_* */
	readonly abort?: (net: net, action: number) => number;
	/** After a batch, committed or not. */
	readonly cleanup?: (net: net) => void;
	/** @param genid generation the sender has seen, 0 for any */
	readonly valid_genid?: (net: net, genid: number) => boolean;
}

/**
 * Checks one attribute.
 * @param value what the sender gave
 * @param pt what it has to be
 * @returns 0, -EINVAL for another kind, -ERANGE when it is too long
 * @kernel PORT: lib/nlattr.c validate_nla
 */
function validate_nla(value: unknown, pt: nla_policy_entry): number {
	const len = pt.len ?? Infinity;
	switch (pt.type) {
		case NLA_STRING:
			if (typeof value !== 'string') return -EINVAL;
			return value.length > len ? -ERANGE : 0;
		case NLA_BINARY:
			if (!(value instanceof Uint8Array)) return -EINVAL;
			return value.length > len ? -ERANGE : 0;
		case NLA_NESTED:
			return value instanceof Map ? 0 : -EINVAL;
		case NLA_NESTED_LIST:
			return Array.isArray(value) ? 0 : -EINVAL;
		default:
			return typeof value === 'number' ? 0 : -EINVAL;
	}
}

/**
 * Checks all attributes that a policy knows.
 * @param tb attributes as sent
 * @param policy may be absent, then anything goes
 * @returns 0, -EINVAL or -ERANGE of the first that does not fit
 * @kernel PORT: lib/nlattr.c __nla_validate_parse, the parsing is not needed
 */
export function nla_validate(tb: nlattrs, policy: nla_policy | undefined): number {
	if (policy === undefined) return 0;
	for (const [type, value] of tb) {
		const pt = policy[type];
		if (pt === undefined) continue;
		const err = validate_nla(value, pt);
		if (err < 0) return err;
	}
	return 0;
}
