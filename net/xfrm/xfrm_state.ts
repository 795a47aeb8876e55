// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/xfrm/xfrm_state.c, base v5.10: transforms.
 *
 * PORT: the states that __xfrm_state_bump_genids() and xfrm_state_find() look through are a list, not a hash
 * table; xfrm_state_find() asks no key manager, since none can listen: without a state it answers -ESRCH.
 * Not ported: IPv6, marks, interface ids, time limits, larval states, walks for dumps, xfrm_state_update()'s
 * change of a larval state.
 */
import { call_rcu, machine_var, NSEC_PER_SEC } from '../../include/linux/machine.ts';
import type { __be32 } from '../../include/linux/types.ts';
import { AF_INET, AF_UNSPEC } from '../../include/linux/socket.ts';
import type { flowi } from '../../include/net/flow.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type {
	xfrm_state} from '../../include/net/xfrm.ts';
import {
	XFRM_STATE_DEAD,
	XFRM_STATE_EXPIRED,
	XFRM_STATE_VALID,
	xfrm_selector_match,
	type xfrm_policy,
	type xfrm_type,
} from '../../include/net/xfrm.ts';
import {
	EEXIST,
	EINVAL,
	EPROTONOSUPPORT,
	ESRCH,
} from '../../include/uapi/linux/errno.ts';
import { IPPROTO_ESP } from '../../include/uapi/linux/in.ts';
import {
	XFRM_MODE_TRANSPORT,
	XFRM_MODE_TUNNEL,
	XFRM_STATE_NOPMTUDISC,
	XFRM_STATE_WILDRECV,
	type xfrm_user_tmpl,
} from '../../include/uapi/linux/xfrm.ts';

/** Transform types of IPv4 by protocol number. */
const xfrm_types = machine_var(() => new Map<number, xfrm_type>());

/**
 * Makes a protocol known that transforms packets.
 * @kernel net/xfrm/xfrm_state.c:182 (v5.10)
 */
export function xfrm_register_type(m: net['machine'], type: xfrm_type): void {
	xfrm_types.of(m).set(type.proto, type);
}

/**
 * Seconds on the machine's clock.
 * @kernel PORT: ktime_get_real_seconds
 */
export function xfrm_seconds(net: net): number {
	return Math.floor(net.machine.now_ns / NSEC_PER_SEC);
}

/**
 * Takes a reference.
 * @kernel include/net/xfrm.h:757 (v5.10)
 */
export function xfrm_state_hold(x: xfrm_state): void {
	x.refcnt++;
}

/**
 * Drops a reference; the last one ends the state.
 * @kernel include/net/xfrm.h:745 (v5.10)
 */
export function xfrm_state_put(x: xfrm_state): void {
	if (--x.refcnt === 0) x.type?.destructor(x);
}

/**
 * Takes a state out of the tables and drops the reference it was made with.
 * @returns 0, or -ESRCH when it is dead already
 * @kernel net/xfrm/xfrm_state.c:690 (v5.10)
 */
export function xfrm_state_delete(x: xfrm_state): number {
	if (x.km_state === XFRM_STATE_DEAD) return -ESRCH;
	const { xfrm } = x.xs_net;
	x.km_state = XFRM_STATE_DEAD;
	xfrm.state_all.splice(xfrm.state_all.indexOf(x), 1);
	const left = xfrm.state_byspi.get(x.id.spi)!.filter((o) => o !== x);
	if (left.length === 0) xfrm.state_byspi.delete(x.id.spi);
	else xfrm.state_byspi.set(x.id.spi, left);
	xfrm_state_put(x);
	return 0;
}

/**
 * Deletes all states of a protocol.
 * @param proto IPPROTO_ESP, 0 for all
 * @returns 0, or -ESRCH when there was none
 * @kernel net/xfrm/xfrm_state.c:759 (v5.10)
 */
export function xfrm_state_flush(net: net, proto: number): number {
	const hit = net.xfrm.state_all.filter((x) => proto === 0 || x.id.proto === proto);
	for (const x of hit) xfrm_state_delete(x);
	return hit.length === 0 ? -ESRCH : 0;
}

/**
 * Finds the state for packets of a flow that a template asks for.
 * @param daddr other end of the transform
 * @param saddr this end
 * @returns a referenced state, -EEXIST when the SPI is another's, or -ESRCH
 * @kernel net/xfrm/xfrm_state.c:1045 (v5.10)
 */
export function xfrm_state_find(
	daddr: __be32,
	saddr: __be32,
	fl: flowi,
	tmpl: xfrm_user_tmpl,
	pol: xfrm_policy,
	family: number,
): xfrm_state | number {
	const net = pol.xp_net;
	let error = 0;
	let best: xfrm_state | null = null;
	for (const wildcard of [false, true]) {
		for (const x of net.xfrm.state_all) {
			if (
				x.props.family !== tmpl.family ||
				x.props.reqid !== tmpl.reqid ||
				(x.props.flags & XFRM_STATE_WILDRECV) !== 0 ||
				x.id.daddr !== daddr ||
				x.props.saddr !== (wildcard ? 0 : saddr) ||
				tmpl.mode !== x.props.mode ||
				tmpl.id.proto !== x.id.proto ||
				(tmpl.id.spi !== x.id.spi && tmpl.id.spi !== 0)
			)
				continue;
			const selects =
				x.sel.family === AF_UNSPEC ||
				(x.sel.family === family && xfrm_selector_match(x.sel, fl, family));
			if (x.km_state === XFRM_STATE_VALID) {
				if (!selects) continue;
				if (
					best === null ||
					(best.km_dying && !x.km_dying) ||
					(best.km_dying === x.km_dying && best.curlft.add_time < x.curlft.add_time)
				)
					best = x;
			} else if (x.km_state === XFRM_STATE_EXPIRED && selects) error = -ESRCH;
		}
		if (best !== null) break;
	}
	if (best !== null) {
		xfrm_state_hold(best);
		return best;
	}
	if (error !== 0) return error;
	if (tmpl.id.spi !== 0) {
		const x0 = xfrm_state_lookup(net, daddr, tmpl.id.spi, tmpl.id.proto);
		if (x0 !== null) {
			xfrm_state_put(x0);
			return -EEXIST;
		}
	}
	return -ESRCH;
}

/**
 * Adds a state; bundles made from older ones of the same ends become stale.
 * @returns 0 or -EEXIST
 * @kernel net/xfrm/xfrm_state.c:1390 (v5.10)
 */
export function xfrm_state_add(x: xfrm_state): number {
	const { xfrm } = x.xs_net;
	const there = xfrm_state_lookup(x.xs_net, x.id.daddr, x.id.spi, x.id.proto);
	if (there !== null) {
		xfrm_state_put(there);
		return -EEXIST;
	}
	for (const o of xfrm.state_all) {
		if (
			o.props.family === x.props.family &&
			o.props.reqid === x.props.reqid &&
			o.id.daddr === x.id.daddr &&
			o.props.saddr === x.props.saddr
		)
			o.genid++;
	}
	xfrm.state_all.unshift(x);
	const list = xfrm.state_byspi.get(x.id.spi);
	if (list === undefined) xfrm.state_byspi.set(x.id.spi, [x]);
	else list.unshift(x);
	return 0;
}

/**
 * Tells whether a state has reached its limits.
 * @returns 0, or -EINVAL when it has
 * @kernel net/xfrm/xfrm_state.c:1740 (v5.10)
 */
export function xfrm_state_check_expire(x: xfrm_state): number {
	if (x.curlft.use_time === 0) x.curlft.use_time = xfrm_seconds(x.xs_net);
	if (
		x.curlft.bytes >= x.lft.hard_byte_limit ||
		x.curlft.packets >= x.lft.hard_packet_limit
	) {
		x.km_state = XFRM_STATE_EXPIRED;
		call_rcu(x.xs_net.machine, () => {
			if (x.km_state === XFRM_STATE_EXPIRED) xfrm_state_delete(x);
		});
		return -EINVAL;
	}
	if (
		x.curlft.bytes >= x.lft.soft_byte_limit ||
		x.curlft.packets >= x.lft.soft_packet_limit
	)
		x.km_dying = true;
	return 0;
}

/**
 * Finds a state by what a received packet says.
 * @param spi network order
 * @returns a referenced state or null
 * @kernel net/xfrm/xfrm_state.c:1763 (v5.10)
 */
export function xfrm_state_lookup(
	net: net,
	daddr: __be32,
	spi: __be32,
	proto: number,
): xfrm_state | null {
	for (const x of net.xfrm.state_byspi.get(spi) ?? []) {
		if (x.props.family !== AF_INET || x.id.proto !== proto || x.id.daddr !== daddr) continue;
		xfrm_state_hold(x);
		return x;
	}
	return null;
}

/**
 * Bytes of a packet that leave room for the transform.
 * @param mtu of the path below
 * @kernel net/xfrm/xfrm_state.c:2520 (v5.10)
 */
export function xfrm_state_mtu(x: xfrm_state, mtu: number): number {
	const aead = x.data;
	if (x.km_state !== XFRM_STATE_VALID || aead === null || x.type?.proto !== IPPROTO_ESP)
		return mtu - x.props.header_len;
	const blksize = (aead.blocksize + 3) & ~3;
	const net_adj = x.props.mode === XFRM_MODE_TRANSPORT ? 20 : 0;
	return ((mtu - x.props.header_len - aead.authsize - net_adj) & ~(blksize - 1)) + net_adj - 2;
}

/**
 * Completes a state: mode, type, algorithms.
 * @returns 0, -EPROTONOSUPPORT for a mode or protocol that is not there, or the type's errno
 * @kernel net/xfrm/xfrm_state.c:2628 (v5.10)
 */
export function xfrm_init_state(x: xfrm_state): number {
	if (x.props.family === AF_INET && x.xs_net.ipv4.sysctl_ip_no_pmtu_disc !== 0)
		x.props.flags |= XFRM_STATE_NOPMTUDISC;
	if (x.props.mode !== XFRM_MODE_TRANSPORT && x.props.mode !== XFRM_MODE_TUNNEL)
		return -EPROTONOSUPPORT;
	if (x.sel.family === AF_UNSPEC) {
		if (x.props.mode !== XFRM_MODE_TUNNEL) return -EPROTONOSUPPORT;
	} else if (x.props.mode !== XFRM_MODE_TUNNEL && x.props.family !== x.sel.family)
		return -EPROTONOSUPPORT;
	const type = xfrm_types.of(x.xs_net.machine).get(x.id.proto);
	if (type === undefined) return -EPROTONOSUPPORT;
	x.type = type;
	return type.init_state(x);
}
