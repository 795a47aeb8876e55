/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/inetpeer.h, base v5.10: what is remembered about a host.
 *
 * PORT: a peer is found by number and VRF (IPv4) or by the text of its bytes (IPv6) in a Map instead of a tree.
 */
import { RTAX_MAX } from './dst.ts';

/** A host. */
export class inet_peer {
	readonly key: number | string;
	readonly metrics = new Uint32Array(RTAX_MAX);
	/** Jiffies' worth of messages that may be sent. */
	rate_tokens = 0;
	n_redirects = 0;
	/** Jiffies. */
	rate_last = 0;
	/** Counts the fragments that came from it. */
	rid = 0;
	/** Jiffies of the last use. */
	dtime = 0;
	refcnt = 0;

	/** @param key see inet_peer_base */
	constructor(key: number | string) {
		this.key = key;
		this.metrics.fill(0xffffffff);
	}
}

/** Hosts of a family and namespace. */
export class inet_peer_base {
	/** IPv4: address + 2^32 * interface of the VRF. IPv6: the bytes as text. */
	readonly rb_root = new Map<number | string, inet_peer>();
	get total(): number {
		return this.rb_root.size;
	}
}

export const INETPEER_METRICS_NEW = 0xffffffff;
