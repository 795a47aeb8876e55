// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/core/dst.c, base v5.10: life of a cached destination.
 *
 * PORT: allocation is the family's constructor; dst_init() counts and holds the device.
 * Not ported: metadata destinations, per-cpu counters, garbage collection by the family's gc (IPv6 has
 * its own in route.ts).
 */
import { machine_var } from '../../include/linux/machine.ts';
import { dev_hold, dev_put, type net_device } from '../../include/linux/netdevice.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import {
	dst_entries,
	type dst_entry,
	dst_hold,
	DST_NOCOUNT,
	DST_OBSOLETE_DEAD,
	RTAX_MAX,
	type dst_ops,
} from '../../include/net/dst.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { sock } from '../../include/net/sock.ts';
import { kfree_skb } from './skbuff.ts';

/**
 * include/linux/netdevice.h: blackhole_netdev, the device of destinations that lost theirs; one for all
 * namespaces. drivers/net/loopback.ts makes it.
 */
export const blackhole_netdev = machine_var((): { dev: net_device | null } => ({ dev: null }));

/** Metrics of a destination without any. Never written. */
export const dst_default_metrics = new Int32Array(RTAX_MAX);

/**
 * Output of a destination that must not be used any more: the packet is dropped.
 * @returns 0
 * @kernel net/core/dst.c:30 (v5.10)
 */
export function dst_discard_out(_net: net, _sk: sock | null, skb: sk_buff): number {
	kfree_skb(skb);
	return 0;
}

/**
 * Input of a destination that must not be used any more: the packet is dropped.
 * @returns 0
 * @kernel include/net/dst.h:378 (v5.10)
 */
export function dst_discard(skb: sk_buff): number {
	kfree_skb(skb);
	return 0;
}

/**
 * Completes a new destination: reference count, device reference, entry count of its kind.
 * @param initial_ref references the caller starts with
 * @param initial_obsolete DST_OBSOLETE_*
 * @param flags DST_*
 * @kernel net/core/dst.c:47 (v5.10)
 */
export function dst_init(
	dst: dst_entry,
	ops: dst_ops,
	dev: net_device | null,
	initial_ref: number,
	initial_obsolete: number,
	flags: number,
): void {
	dst.ops = ops;
	dst.dev = dev;
	if (dev !== null) {
		dev_hold(dev);
		dst.lastuse = dev.machine.jiffies;
		if ((flags & DST_NOCOUNT) === 0) dst_entries.of(dev.machine).count++;
	}
	dst._metrics = dst_default_metrics;
	dst._metrics_read_only = true;
	dst.obsolete = initial_obsolete;
	dst.__refcnt = initial_ref;
	dst.flags = flags;
}

/**
 * Takes a destination off its device, because one of the two goes away: the blackhole functions take over, and
 * the reference moves to the blackhole device.
 * @kernel net/core/dst.c:154 (v5.10)
 */
export function dst_dev_put(dst: dst_entry): void {
	const dev = dst.dev;
	dst.obsolete = DST_OBSOLETE_DEAD;
	if (dev === null) return;
	dst.ops.ifdown?.(dst, dev, true);
	dst.input = dst_discard;
	dst.output = dst_discard_out;
	const blackhole = blackhole_netdev.of(dev.machine).dev!;
	dst.dev = blackhole;
	dev_hold(blackhole);
	dev_put(dev);
}

/**
 * Takes a reference unless the destination is on its way out.
 * @returns whether it was taken
 * @kernel include/net/dst.h:294 (v5.10)
 */
export function dst_hold_safe(dst: dst_entry): boolean {
	if (dst.__refcnt <= 0) return false;
	dst.__refcnt++;
	return true;
}

/**
 * Takes a reference and notes the use.
 * @kernel include/net/dst.h:238 (v5.10)
 */
export function dst_hold_and_use(dst: dst_entry, time: number): void {
	dst_hold(dst);
	dst.__use++;
	dst.lastuse = time;
}

/**
 * Metrics of a destination for writing; a shared set is copied first.
 * @kernel include/net/dst.h:110 (v5.10)
 */
export function dst_metrics_write_ptr(dst: dst_entry): Int32Array {
	if (dst._metrics_read_only) {
		dst._metrics = dst._metrics.slice();
		dst._metrics_read_only = false;
	}
	return dst._metrics;
}

/**
 * Sets a metric.
 * @param metric RTAX_*
 * @kernel include/net/dst.h:176 (v5.10)
 */
export function dst_metric_set(dst: dst_entry, metric: number, val: number): void {
	dst_metrics_write_ptr(dst)[metric - 1] = val;
}

/**
 * Points a destination at a shared, read-only set of metrics.
 * @kernel include/net/dst.h:124 (v5.10)
 */
export function dst_init_metrics(dst: dst_entry, src_metrics: Int32Array): void {
	dst._metrics = src_metrics;
	dst._metrics_read_only = true;
}

/**
 * Operations of a blackhole destination.
 * @kernel PORT: ipv4_blackhole_dst_check of net/ipv4/route.c, the same for both families
 */
export function dst_blackhole_check(_dst: dst_entry, _cookie: number): dst_entry | null {
	return null;
}

/**
 * MTU of a blackhole destination: the route's metric or its device's MTU.
 * @kernel PORT: ipv4_blackhole_mtu of net/ipv4/route.c, the same for both families
 */
export function dst_blackhole_mtu(dst: dst_entry): number {
	const mtu = dst._metrics[1];
	return mtu !== 0 ? mtu : (dst.dev?.mtu ?? 0);
}
