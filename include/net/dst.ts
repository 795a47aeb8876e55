/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/dst.h and include/net/dst_ops.h, base v5.10: where a packet goes, cached.
 *
 * PORT: metrics are an Int32Array of RTAX_MAX words, shared read-only until written (dst_metrics_write_ptr
 * of net/core/dst.ts copies). References are counted in `__refcnt`; a dst whose count falls to zero is
 * destroyed after the grace period as in C.
 * Inlines that need net/core/dst.c live there.
 */
import { U32_ZERO } from '../linux/types.ts';
import { call_rcu, machine_var } from '../linux/machine.ts';
import { dev_put, type net_device } from '../linux/netdevice.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import type { net } from './net_namespace.ts';
import type { sock } from './sock.ts';
import type { neighbour } from './neighbour.ts';
import type { xfrm_state } from './xfrm.ts';

export const DST_NOXFRM = 0x0002;
export const DST_NOPOLICY = 0x0004;
export const DST_NOCOUNT = 0x0008;
export const DST_FAKE_RTABLE = 0x0010;
export const DST_XFRM_TUNNEL = 0x0020;
export const DST_XFRM_QUEUE = 0x0040;
export const DST_METADATA = 0x0080;

export const DST_OBSOLETE_NONE = 0;
export const DST_OBSOLETE_DEAD = 2;
export const DST_OBSOLETE_FORCE_CHK = -1;
export const DST_OBSOLETE_KILL = -2;

/* include/uapi/linux/rtnetlink.h RTAX_* */
export const RTAX_LOCK = 1;
export const RTAX_MTU = 2;
export const RTAX_WINDOW = 3;
export const RTAX_RTT = 4;
export const RTAX_RTTVAR = 5;
export const RTAX_SSTHRESH = 6;
export const RTAX_CWND = 7;
export const RTAX_ADVMSS = 8;
export const RTAX_REORDERING = 9;
export const RTAX_HOPLIMIT = 10;
export const RTAX_INITCWND = 11;
export const RTAX_FEATURES = 12;
export const RTAX_RTO_MIN = 13;
export const RTAX_INITRWND = 14;
export const RTAX_QUICKACK = 15;
export const RTAX_CC_ALGO = 16;
export const RTAX_FASTOPEN_NO_COOKIE = 17;
export const RTAX_MAX = 17;
export const RTAX_FEATURE_ECN = 1 << 0;
export const RTAX_FEATURE_SACK = 1 << 1;
export const RTAX_FEATURE_TIMESTAMP = 1 << 2;
export const RTAX_FEATURE_ALLFRAG = 1 << 3;
export const DST_FEATURE_ECN_CA = 1 << 31;
export const DST_FEATURE_ECN_MASK = DST_FEATURE_ECN_CA | RTAX_FEATURE_ECN;

/** Operations of a family of destinations. */
export interface dst_ops {
	family: number;
	/** Answers whether a cached dst is still good: itself, or null. */
	check: (dst: dst_entry, cookie: number) => dst_entry | null;
	default_advmss: (dst: dst_entry) => number;
	mtu: (dst: dst_entry) => number;
	destroy?: (dst: dst_entry) => void;
	ifdown?: (dst: dst_entry, dev: net_device, how: boolean) => void;
	negative_advice?: (dst: dst_entry) => dst_entry | null;
	link_failure?: (skb: sk_buff) => void;
	update_pmtu?: (
		dst: dst_entry,
		sk: sock | null,
		skb: sk_buff | null,
		mtu: number,
		confirm_neigh: boolean,
	) => void;
	redirect?: (dst: dst_entry, sk: sock | null, skb: sk_buff) => void;
	local_out?: (net: net, sk: sock | null, skb: sk_buff) => number;
	/** Neighbour of the next hop; daddr: number for IPv4 (network order), bytes for IPv6. */
	neigh_lookup: (
		dst: dst_entry,
		skb: sk_buff | null,
		daddr: number | Uint8Array | null,
	) => neighbour | null;
	confirm_neigh?: (dst: dst_entry, daddr: number | Uint8Array | null) => void;
}

/** A destination: device, next functions, metrics, lifetime. Base of rtable, rt6_info and xfrm_dst. */
export class dst_entry {
	dev: net_device | null;
	ops: dst_ops;
	/** RTAX_* words at index RTAX_x - 1; see dst_metric(). PORT: the words, not their address. */
	_metrics: Int32Array;
	/** True when _metrics must be copied before writing. */
	_metrics_read_only = true;
	/** Jiffies; 0 for never. */
	expires = U32_ZERO;
	/** The destination below an xfrm bundle, null otherwise. */
	xfrm: xfrm_state | null = null;
	input: (skb: sk_buff) => number;
	output: (net: net, sk: sock | null, skb: sk_buff) => number;
	flags = 0;
	obsolete = 0;
	header_len = 0;
	trailer_len = 0;
	__refcnt = 0;
	__use = 0;
	/** Jiffies of the last use. */
	lastuse = 0;
	error = 0;
	tclassid = 0;

	constructor(
		ops: dst_ops,
		dev: net_device | null,
		metrics: Int32Array,
		input: (skb: sk_buff) => number,
		output: (net: net, sk: sock | null, skb: sk_buff) => number,
	) {
		this.ops = ops;
		this.dev = dev;
		this._metrics = metrics;
		this.input = input;
		this.output = output;
	}
}

/**
 * A metric as stored, without the family's defaults.
 * @param metric RTAX_*
 * @kernel include/net/dst.h:149 (v5.10)
 */
export function dst_metric_raw(dst: dst_entry, metric: number): number {
	return dst._metrics[metric - 1];
}

/**
 * A metric that has no computed default.
 * @param metric RTAX_*, not HOPLIMIT, ADVMSS or MTU
 * @kernel include/net/dst.h:157 (v5.10)
 */
export function dst_metric(dst: dst_entry, metric: number): number {
	return dst._metrics[metric - 1];
}

/**
 * MSS to advertise on this destination, bytes.
 * @kernel include/net/dst.h:166 (v5.10)
 */
export function dst_metric_advmss(dst: dst_entry): number {
	const advmss = dst_metric_raw(dst, RTAX_ADVMSS);
	return advmss !== 0 ? advmss : dst.ops.default_advmss(dst);
}

/**
 * Features of a route: RTAX_FEATURE_* and DST_FEATURE_* bits.
 * @param feature bits asked for
 * @kernel include/net/dst.h:191 (v5.10)
 */
export function dst_feature(dst: dst_entry, feature: number): number {
	return dst_metric(dst, RTAX_FEATURES) & feature;
}

/**
 * MTU of a destination, bytes.
 * @kernel include/net/dst.h:196 (v5.10)
 */
export function dst_mtu(dst: dst_entry): number {
	return dst.ops.mtu(dst);
}

/**
 * Tells whether all packets on a route get a fragment header.
 * @kernel include/net/dst.h:208 (v5.10)
 */
export function dst_allfrag(dst: dst_entry): boolean {
	return dst_feature(dst, RTAX_FEATURE_ALLFRAG) !== 0;
}

/**
 * Tells whether the user locked a metric.
 * @param metric RTAX_*
 * @kernel include/net/dst.h:215 (v5.10)
 */
export function dst_metric_locked(dst: dst_entry, metric: number): boolean {
	return (dst._metrics[RTAX_LOCK - 1] & (1 << metric)) !== 0;
}

/**
 * Takes a reference.
 * @kernel include/net/dst.h:220 (v5.10)
 */
export function dst_hold(dst: dst_entry): void {
	dst.__refcnt++;
}

/**
 * Finds the neighbour of a destination's next hop.
 * @param daddr number (IPv4, network order) or 16 bytes
 * @returns a referenced neighbour or null
 * @kernel include/net/dst.h:394 (v5.10)
 */
export function dst_neigh_lookup(
	dst: dst_entry,
	daddr: number | Uint8Array,
): neighbour | null {
	return dst.ops.neigh_lookup(dst, null, daddr);
}

/**
 * Notes that a destination's next hop was heard of.
 * @param daddr number (IPv4, network order) or 16 bytes; null: the next hop must be a gateway
 * @kernel include/net/dst.h:415 (v5.10)
 */
export function dst_confirm_neigh(dst: dst_entry, daddr: number | Uint8Array | null): void {
	dst.ops.confirm_neigh?.(dst, daddr);
}

/**
 * Tells the destination that no answer comes from it.
 * @kernel include/net/dst.h:422 (v5.10)
 */
export function dst_link_failure(skb: sk_buff): void {
	const dst = skb._dst;
	dst?.ops.link_failure?.(skb);
}

/**
 * Sets the time after which a destination is stale, unless an earlier one is set.
 * @param timeout jiffies from now
 * @kernel include/net/dst.h:429 (v5.10)
 */
export function dst_set_expires(dst: dst_entry, timeout: number): void {
	const expires = dst.dev!.machine.jiffies + timeout;
	if (dst.expires === 0 || expires < dst.expires) dst.expires = expires;
}

/**
 * Hands a packet to its destination's output function.
 * @kernel include/net/dst.h:441 (v5.10)
 */
export function dst_output(net: net, sk: sock | null, skb: sk_buff): number {
	return skb._dst!.output(net, sk, skb);
}

/**
 * Hands a packet to its destination's input function.
 * @kernel include/net/dst.h:447 (v5.10)
 */
export function dst_input(skb: sk_buff): number {
	return skb._dst!.input(skb);
}

/**
 * Asks whether a cached destination is still good.
 * @param cookie IPv6 serial number, 0 for IPv4
 * @returns the destination or null
 * @kernel include/net/dst.h:452 (v5.10)
 */
export function dst_check(dst: dst_entry, cookie: number): dst_entry | null {
	if (dst.obsolete !== 0) return dst.ops.check(dst, cookie);
	return dst;
}

/**
 * The transform a destination applies, null for a plain route.
 * @kernel include/net/dst.h:494 (v5.10)
 */
export function dst_xfrm(dst: dst_entry): xfrm_state | null {
	return dst.xfrm;
}

/**
 * Destination of a packet, borrowed.
 * @kernel include/linux/skbuff.h:956 (v5.10)
 */
export function skb_dst(skb: sk_buff): dst_entry | null {
	return skb._dst;
}

/**
 * Attaches a destination; the packet takes over the caller's reference.
 * @kernel include/linux/skbuff.h:975 (v5.10)
 */
export function skb_dst_set(skb: sk_buff, dst: dst_entry | null): void {
	skb._dst = dst;
	skb._dst_noref = false;
}

/**
 * Attaches a destination without a reference; valid while the caller's section lasts.
 * @kernel include/linux/skbuff.h:990 (v5.10)
 */
export function skb_dst_set_noref(skb: sk_buff, dst: dst_entry | null): void {
	skb._dst = dst;
	skb._dst_noref = dst !== null;
}

/**
 * Tells whether a packet holds only a borrowed destination.
 * @kernel include/linux/skbuff.h:1000 (v5.10)
 */
export function skb_dst_is_noref(skb: sk_buff): boolean {
	return skb._dst_noref;
}

/* PORT: these are net/core/dst.c's and stand here for net/core/skbuff.ts, which dst.ts itself needs. */

/** Destinations alive, those with DST_NOCOUNT left out (dst_entries_get_slow of all families). */
export const dst_entries = machine_var(() => ({ count: 0 }));

/**
 * Ends a destination that nobody refers to.
 * @kernel net/core/dst.c:103 (v5.10)
 */
export function dst_destroy(dst: dst_entry): void {
	const dev = dst.dev;
	dst.ops.destroy?.(dst);
	if (dev === null) return;
	if ((dst.flags & DST_NOCOUNT) === 0) dst_entries.of(dev.machine).count--;
	dev_put(dev);
	dst.dev = null;
}

/**
 * The end of a destination as a callback. PORT: made here, for the one that needs it: dst_release() would pay for
 * it with every packet.
 * @kernel net/core/dst.c:138 (v5.10)
 */
function dst_destroy_rcu(dst: dst_entry): () => void {
	return () => {
		dst_destroy(dst);
	};
}

/**
 * Drops a reference; the last one destroys the destination after the grace period.
 * @kernel net/core/dst.c:169 (v5.10)
 */
export function dst_release(dst: dst_entry | null): void {
	if (dst === null) return;
	const newrefcnt = --dst.__refcnt;
	const m = dst.dev?.machine;
	if (newrefcnt < 0) m?.record('WARN', 'dst_release', `refcnt: ${String(newrefcnt)}`);
	if (newrefcnt !== 0) return;
	if (m === undefined) dst_destroy(dst);
	else call_rcu(m, dst_destroy_rcu(dst));
}

/**
 * Drops a reference; the last one destroys the destination at once.
 * @kernel net/core/dst.c:184 (v5.10)
 */
export function dst_release_immediate(dst: dst_entry | null): void {
	if (dst === null) return;
	if (--dst.__refcnt === 0) dst_destroy(dst);
}
