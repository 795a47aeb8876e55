// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv4/inetpeer.c, base v5.10: what is remembered about hosts, for the rate of ICMP errors and
 * redirects and the distance of fragments.
 *
 * PORT: a Map in place of the red-black tree; the walk that looks for stale entries on the way to where a
 * new one goes is a walk over the oldest ones.
 * PORT: inet_initpeers(), lookup() and inetpeer_free_rcu() are the Map's making, look-up and deletion.
 */
import { HZ, machine_var, type Machine } from '../../include/linux/machine.ts';
import {
	inet_peer,
	type inet_peer_base,
	INETPEER_METRICS_NEW,
} from '../../include/net/inetpeer.ts';
import { RTAX_LOCK } from '../../include/net/dst.ts';

/** Limits of the table: entries, jiffies. */
export const inet_peer_limits = machine_var(() => ({
	inet_peer_threshold: 65536 + 128,
	inet_peer_minttl: 120 * HZ,
	inet_peer_maxttl: 10 * 60 * HZ,
}));

const PEER_MAX_GC = 32;

/**
 * Empties a table.
 * @kernel net/ipv4/inetpeer.c:57 (v5.10)
 */
export function inet_peer_base_init(bp: inet_peer_base): void {
	bp.rb_root.clear();
}

/**
 * Drops stale peers that nobody holds.
 * @kernel net/ipv4/inetpeer.c:147 (v5.10)
 */
function inet_peer_gc(m: Machine, base: inet_peer_base): void {
	const l = inet_peer_limits.of(m);
	let ttl = 0;
	if (base.rb_root.size < l.inet_peer_threshold)
		ttl =
			l.inet_peer_maxttl -
			Math.floor(
				(Math.floor((l.inet_peer_maxttl - l.inet_peer_minttl) / HZ) *
					base.rb_root.size) /
					l.inet_peer_threshold,
			) *
				HZ;
	const now = m.jiffies;
	let gc_cnt = 0;
	for (const p of base.rb_root.values()) {
		if (gc_cnt++ >= PEER_MAX_GC) break;
		if (now - p.dtime < ttl || p.refcnt !== 1) continue;
		p.refcnt = 0;
		base.rb_root.delete(p.key);
	}
}

/**
 * Finds a host, or makes one.
 * @param key number for IPv4, text for IPv6; see inet_peer_base
 * @param create make it when it is not there
 * @returns referenced, or null
 * @kernel net/ipv4/inetpeer.c:182 (v5.10)
 */
export function inet_getpeer(
	m: Machine,
	base: inet_peer_base,
	key: number | string,
	create: boolean,
): inet_peer | null {
	let p = base.rb_root.get(key) ?? null;
	if (p !== null) {
		p.refcnt++;
		return p;
	}
	if (!create) return null;
	const now = m.jiffies;
	inet_peer_gc(m, base);
	p = new inet_peer(key);
	p.dtime = now;
	p.refcnt = 2;
	p.metrics[RTAX_LOCK - 1] = INETPEER_METRICS_NEW;
	p.rate_last = now - 60 * HZ;
	base.rb_root.set(key, p);
	return p;
}

/**
 * Finds an IPv4 host, or makes one.
 * @param v4daddr network order
 * @param vif interface of its VRF, 0 for none
 * @returns referenced, or null
 * @kernel include/net/inetpeer.h:102 (v5.10)
 */
export function inet_getpeer_v4(
	m: Machine,
	base: inet_peer_base,
	v4daddr: number,
	vif: number,
	create: boolean,
): inet_peer | null {
	return inet_getpeer(m, base, v4daddr + vif * 0x100000000, create);
}

/**
 * Finds an IPv6 host, or makes one.
 * @param v6daddr 16 bytes
 * @returns referenced, or null
 * @kernel include/net/inetpeer.h:114 (v5.10)
 */
export function inet_getpeer_v6(
	m: Machine,
	base: inet_peer_base,
	v6daddr: Uint8Array,
	create: boolean,
): inet_peer | null {
	return inet_getpeer(m, base, String.fromCharCode(...v6daddr), create);
}

/**
 * Drops a reference.
 * @kernel net/ipv4/inetpeer.c:243 (v5.10)
 */
export function inet_putpeer(m: Machine, p: inet_peer): void {
	p.dtime = m.jiffies;
	p.refcnt--;
}

const XRLIM_BURST_FACTOR = 6;

/**
 * Tells whether one more message may go to a host: a token bucket of six messages.
 * @param timeout jiffies that a message costs
 * @kernel net/ipv4/inetpeer.c:273 (v5.10)
 */
export function inet_peer_xrlim_allow(
	m: Machine,
	peer: inet_peer | null,
	timeout: number,
): boolean {
	if (peer === null) return true;
	let rc = false;
	const now = m.jiffies;
	let token = peer.rate_tokens + now - peer.rate_last;
	peer.rate_last = now;
	if (token > XRLIM_BURST_FACTOR * timeout) token = XRLIM_BURST_FACTOR * timeout;
	if (token >= timeout) {
		token -= timeout;
		rc = true;
	}
	peer.rate_tokens = token;
	return rc;
}

/**
 * Forgets all hosts.
 * @kernel net/ipv4/inetpeer.c:296 (v5.10)
 */
export function inetpeer_invalidate_tree(m: Machine, base: inet_peer_base): void {
	for (const peer of base.rb_root.values()) inet_putpeer(m, peer);
	base.rb_root.clear();
}
