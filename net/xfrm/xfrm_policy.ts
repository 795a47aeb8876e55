// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/xfrm/xfrm_policy.c, base v5.10: which transforms a flow needs, and the bundles of destinations that
 * put a packet through them.
 *
 * PORT: policies of a direction are one list, sorted by priority and age. The packet path reaches this file
 * through the hooks of include/net/xfrm.ts.
 * PORT: __xfrm_policy_check() takes the packet first, as all its callers have one.
 * Not ported: policies of IPv6 (its packets only get flow keys), socket policies, sub policies, marks,
 * interface ids, time limits, the queue of packets that wait for a state (sysctl xfrm_larval_drop 0),
 * migration.
 */
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import { get_unaligned_be16, get_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import { netif_running, type net_device } from '../../include/linux/netdevice.ts';
import { IP6CB } from '../../include/linux/ipv6.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../include/linux/socket.ts';
import { register_net_sysctl, proc_dointvec } from '../../include/linux/sysctl.ts';
import type { __be32 } from '../../include/linux/types.ts';
import {
	dst_check,
	type dst_entry,
	dst_hold,
	dst_metric_advmss,
	dst_metric_raw,
	dst_mtu,
	DST_NOCOUNT,
	DST_NOPOLICY,
	DST_NOXFRM,
	DST_OBSOLETE_FORCE_CHK,
	DST_OBSOLETE_NONE,
	type dst_ops,
	dst_release,
	dst_release_immediate,
	DST_XFRM_TUNNEL,
	RTAX_MTU,
} from '../../include/net/dst.ts';
import { flowi4, type flowi, type flowi6 } from '../../include/net/flow.ts';
import { ip_is_fragment } from '../../include/net/ip.ts';
import {
	NEXTHDR_DEST,
	NEXTHDR_FRAGMENT,
	NEXTHDR_HOP,
	NEXTHDR_ROUTING,
	ipv6_addr_copy,
} from '../../include/net/ipv6.ts';
import { ipv4_stub } from '../../include/net/ipv4_stubs.ts';
import type { neighbour } from '../../include/net/neighbour.ts';
import type { net, pernet_operations } from '../../include/net/net_namespace.ts';
import { rtable } from '../../include/net/route.ts';
import type { sock } from '../../include/net/sock.ts';
import {
	XFRM_LOOKUP_ICMP,
	XFRM_LOOKUP_KEEP_DST_REF,
	XFRM_LOOKUP_QUEUE,
	XFRM_STATE_VALID,
	type sec_path,
	xfrm_lookup_ops,
	type xfrm_policy,
	xfrm_policy_check_ops,
	xfrm_selector_match,
	type xfrm_state,
} from '../../include/net/xfrm.ts';
import {
	EAFNOSUPPORT,
	EAGAIN,
	EEXIST,
	ENOBUFS,
	ENODEV,
	ENOENT,
	EPERM,
	EREMOTE,
	ESRCH,
} from '../../include/uapi/linux/errno.ts';
import {
	IPPROTO_DCCP,
	IPPROTO_ESP,
	IPPROTO_ICMP,
	IPPROTO_ICMPV6,
	IPPROTO_SCTP,
	IPPROTO_TCP,
	IPPROTO_UDP,
	IPPROTO_UDPLITE,
} from '../../include/uapi/linux/in.ts';
import {
	IPHDR_daddr,
	IPHDR_protocol,
	IPHDR_saddr,
	IPHDR_tos,
	IPTOS_RT_MASK,
} from '../../include/uapi/linux/ip.ts';
import {
	IPV6HDR_daddr,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_saddr,
} from '../../include/uapi/linux/ipv6.ts';
import {
	XFRM_MAX_DEPTH,
	XFRM_MODE_TRANSPORT,
	XFRM_MODE_TUNNEL,
	XFRM_POLICY_ALLOW,
	XFRM_POLICY_ICMP,
	XFRM_POLICY_MASK,
	XFRM_POLICY_OUT,
	XFRM_STATE_ICMP,
	type xfrm_selector,
	type xfrm_user_tmpl,
} from '../../include/uapi/linux/xfrm.ts';
import {
	dst_default_metrics,
	dst_discard,
	dst_discard_out,
	dst_init,
	dst_init_metrics,
	dst_metric_set,
} from '../core/dst.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import { pskb_may_pull, skb_dst_force } from '../core/skbuff.ts';
import { nf_nat_decode_session } from '../netfilter/core.ts';
import { XFRM_INC_STATS, xfrm_proc_fini, xfrm_proc_init } from './xfrm_proc.ts';
import {
	xfrm_seconds,
	xfrm_state_find,
	xfrm_state_flush,
	xfrm_state_mtu,
	xfrm_state_put,
} from './xfrm_state.ts';

/** A destination that transforms packets and hands them to its child. */
export class xfrm_dst extends rtable {
	/** The route that the flow had. */
	route: dst_entry | null = null;
	child: dst_entry | null = null;
	/** The plain route at the end of the chain; set in the first of it. */
	path: dst_entry | null = null;
	pol: xfrm_policy | null = null;
	/** Transforms in the chain, 0 or -1: the policy blocks. */
	num_xfrms = 0;
	xfrm_genid = 0;
	policy_genid = 0;
	route_mtu_cached = 0;
	child_mtu_cached = 0;
}

/** What a family does for policies; struct xfrm_policy_afinfo. */
export interface xfrm_policy_afinfo {
	dst_ops: dst_ops;
	/** A route between the ends of a transform, or a negative errno. */
	dst_lookup: (
		net: net,
		tos: number,
		oif: number,
		saddr: __be32 | null,
		daddr: __be32,
	) => dst_entry | number;
	/** The address this host uses towards an end, or a negative errno. */
	get_saddr: (net: net, oif: number, daddr: __be32) => { saddr: __be32 } | number;
	fill_dst: (xdst: xfrm_dst, dev: net_device, fl: flowi) => void;
	blackhole_route: (net: net, dst: dst_entry) => dst_entry;
	/** Output of a bundle; struct xfrm_state_afinfo. */
	output: (net: net, sk: sock | null, skb: sk_buff) => number;
}

/** Next policy number, and what IPv4 does for policies. */
const xfrm_globals = machine_var((): { idx_generator: number; afinfo: xfrm_policy_afinfo | null } => ({
	idx_generator: 0,
	afinfo: null,
}));

/* policies */

/**
 * Drops a reference.
 * @kernel include/net/xfrm.h:725 (v5.10)
 */
function xfrm_pol_put(policy: xfrm_policy): void {
	policy.refcnt--;
}

/**
 * Tells whether two selectors are the same.
 * @kernel PORT: selector_cmp
 */
function selector_same(a: xfrm_selector, b: xfrm_selector): boolean {
	return (Object.keys(a) as (keyof xfrm_selector)[]).every((k) => a[k] === b[k]);
}

/**
 * Takes a policy out of the lists; bundles made from it become stale.
 * @kernel net/xfrm/xfrm_policy.c:435 (v5.10)
 */
function xfrm_policy_kill(policy: xfrm_policy): void {
	const { xfrm } = policy.xp_net;
	const dir = (policy.index & XFRM_POLICY_MASK) as 0 | 1 | 2;
	xfrm.policy_all.splice(xfrm.policy_all.indexOf(policy), 1);
	xfrm.policy_bydir[dir].splice(xfrm.policy_bydir[dir].indexOf(policy), 1);
	xfrm.policy_count[dir]--;
	policy.dead = true;
	policy.genid++;
	xfrm_pol_put(policy);
}

/**
 * Number of a policy: its direction is in the lower three bits.
 * @param index number the user asks for, or 0
 * @kernel net/xfrm/xfrm_policy.c:1371 (v5.10)
 */
function xfrm_gen_index(net: net, dir: number, index: number): number {
	for (;;) {
		let idx = index;
		index = 0;
		if (idx === 0) {
			const m = xfrm_globals.of(net.machine);
			idx = m.idx_generator | dir;
			m.idx_generator += 8;
		}
		if (idx === 0) idx = 8;
		if (!net.xfrm.policy_all.some((p) => p.index === idx)) return idx;
	}
}

/**
 * Adds a policy behind those of its priority.
 * @param dir XFRM_POLICY_*
 * @param excl fail when there is one with the same selector, instead of taking its place
 * @returns 0 or -EEXIST
 * @kernel net/xfrm/xfrm_policy.c:1571 (v5.10)
 */
export function xfrm_policy_insert(dir: 0 | 1 | 2, policy: xfrm_policy, excl: boolean): number {
	const net = policy.xp_net;
	const list = net.xfrm.policy_bydir[dir];
	const delpol = list.find((p) => selector_same(p.selector, policy.selector)) ?? null;
	if (delpol !== null && excl) return -EEXIST;
	net.ipv4.rt_genid++;
	let index = policy.index;
	if (delpol !== null) {
		({ index } = delpol);
		xfrm_policy_kill(delpol);
	} else index = xfrm_gen_index(net, dir, index);
	policy.index = index;
	const at = list.findIndex((p) => p.priority > policy.priority);
	list.splice(at < 0 ? list.length : at, 0, policy);
	net.xfrm.policy_all.unshift(policy);
	net.xfrm.policy_count[dir]++;
	policy.curlft.add_time = xfrm_seconds(net);
	policy.curlft.use_time = 0;
	return 0;
}

/**
 * Finds a policy by its selector.
 * @param del takes it out of the lists too
 * @kernel net/xfrm/xfrm_policy.c:1641 (v5.10)
 */
export function xfrm_policy_bysel_ctx(
	net: net,
	dir: 0 | 1 | 2,
	sel: xfrm_selector,
	del: boolean,
): xfrm_policy | null {
	const pol = net.xfrm.policy_bydir[dir].find((p) => selector_same(p.selector, sel)) ?? null;
	if (pol !== null && del) xfrm_policy_kill(pol);
	return pol;
}

/**
 * Finds a policy by its number.
 * @param del takes it out of the lists too
 * @kernel net/xfrm/xfrm_policy.c:1711 (v5.10)
 */
export function xfrm_policy_byid(
	net: net,
	dir: 0 | 1 | 2,
	id: number,
	del: boolean,
): xfrm_policy | null {
	const pol = net.xfrm.policy_bydir[dir].find((p) => p.index === id) ?? null;
	if (pol !== null && del) xfrm_policy_kill(pol);
	return pol;
}

/**
 * Deletes all policies.
 * @returns 0, or -ESRCH when there was none
 * @kernel net/xfrm/xfrm_policy.c:1779 (v5.10)
 */
export function xfrm_policy_flush(net: net): number {
	const all = [...net.xfrm.policy_all];
	for (const pol of all) xfrm_policy_kill(pol);
	return all.length === 0 ? -ESRCH : 0;
}

/**
 * Finds the policy of a flow.
 * @param dir XFRM_POLICY_*
 * @kernel net/xfrm/xfrm_policy.c:2142 (v5.10)
 */
function xfrm_policy_lookup(
	net: net,
	fl: flowi,
	family: number,
	dir: 0 | 1 | 2,
): xfrm_policy | null {
	for (const pol of net.xfrm.policy_bydir[dir])
		if (pol.family === family && xfrm_selector_match(pol.selector, fl, family)) return pol;
	return null;
}

/* bundles */

/**
 * Finds the states that the templates of a policy ask for.
 * @returns the states in the order of the templates, or -EAGAIN, -ENOBUFS, another negative errno
 * @kernel net/xfrm/xfrm_policy.c:2423 (v5.10)
 */
function xfrm_tmpl_resolve(policy: xfrm_policy, fl: flowi4, family: number): xfrm_state[] | number {
	const net = policy.xp_net;
	const found: xfrm_state[] = [];
	let { daddr, saddr } = fl;
	let error = 0;
	if (policy.xfrm_vec.length >= XFRM_MAX_DEPTH) return -ENOBUFS;
	for (const tmpl of policy.xfrm_vec) {
		let remote = daddr;
		let local = saddr;
		if (tmpl.mode === XFRM_MODE_TUNNEL) {
			remote = tmpl.id.daddr;
			local = tmpl.saddr;
			if (local === 0) {
				const r = xfrm_globals.of(net.machine).afinfo!.get_saddr(net, fl.flowi4_oif, remote);
				if (typeof r === 'number') {
					error = r;
					break;
				}
				local = r.saddr;
			}
		}
		const x = xfrm_state_find(remote, local, fl, tmpl, policy, family);
		if (typeof x !== 'number') {
			found.push(x);
			daddr = remote;
			saddr = local;
			continue;
		}
		if (tmpl.optional) continue;
		error = x === -ESRCH ? -EAGAIN : x;
		break;
	}
	if (error === 0) return found;
	for (const x of found) xfrm_state_put(x);
	return error;
}

/**
 * A new destination of a bundle, with one reference.
 * @kernel net/xfrm/xfrm_policy.c:2468 (v5.10)
 */
function xfrm_alloc_dst(afinfo: xfrm_policy_afinfo): xfrm_dst {
	const xdst = new xfrm_dst(
		afinfo.dst_ops,
		null,
		dst_default_metrics,
		dst_discard,
		dst_discard_out,
	);
	dst_init(xdst, afinfo.dst_ops, null, 1, DST_OBSOLETE_NONE, DST_NOCOUNT);
	return xdst;
}

/**
 * Chains destinations, one a state, in front of the route to the far end.
 * @param states taken over, in the order in which they are applied
 * @param dst route of the flow
 * @returns the first of the chain, or a negative errno
 * @kernel net/xfrm/xfrm_policy.c:2535 (v5.10)
 */
function xfrm_bundle_create(
	policy: xfrm_policy,
	states: readonly xfrm_state[],
	fl: flowi4,
	dst: dst_entry,
): xfrm_dst | number {
	const net = policy.xp_net;
	const afinfo = xfrm_globals.of(net.machine).afinfo!;
	const tos = IPTOS_RT_MASK & fl.flowi4_tos;
	const bundle: xfrm_dst[] = [];
	let header_len = 0;
	let trailer_len = 0;
	dst_hold(dst);
	for (const [i, x] of states.entries()) {
		const xdst = xfrm_alloc_dst(afinfo);
		if (i > 0) bundle[i - 1].child = xdst;
		bundle.push(xdst);
		xdst.route = dst;
		dst_init_metrics(xdst, dst._metrics);
		if (x.props.mode !== XFRM_MODE_TRANSPORT) {
			const below = afinfo.dst_lookup(
				net,
				tos,
				fl.flowi4_oif,
				x.props.saddr,
				x.id.daddr,
			);
			if (typeof below === 'number') {
				for (const left of states.slice(i)) xfrm_state_put(left);
				dst_release_immediate(bundle[0]);
				return below;
			}
			dst = below;
		} else dst_hold(dst);
		xdst.xfrm = x;
		xdst.xfrm_genid = x.genid;
		xdst.obsolete = DST_OBSOLETE_FORCE_CHK;
		xdst.lastuse = net.machine.jiffies;
		xdst.output = afinfo.output;
		header_len += x.props.header_len;
		trailer_len += x.props.trailer_len;
	}
	bundle[bundle.length - 1].child = dst;
	bundle[0].path = dst;
	if (dst.dev === null) {
		dst_release_immediate(bundle[0]);
		return -ENODEV;
	}
	xfrm_init_pmtu(bundle);
	for (const xdst of bundle) {
		afinfo.fill_dst(xdst, dst.dev, fl);
		xdst.header_len = header_len;
		xdst.trailer_len = trailer_len;
		header_len -= xdst.xfrm!.props.header_len;
		trailer_len -= xdst.xfrm!.props.trailer_len;
	}
	return bundle[0];
}

/**
 * Makes the bundle of a flow: a chain, or a dummy without a route when the policy blocks (num_xfrms -1), needs
 * nothing (0), or has no state (more).
 * @returns null when no policy means the flow, a negative errno on error
 * @kernel net/xfrm/xfrm_policy.c:2942 (v5.10)
 */
function xfrm_bundle_lookup(
	net: net,
	fl: flowi4,
	family: number,
	dst_orig: dst_entry,
): xfrm_dst | number | null {
	const pol = xfrm_policy_lookup(net, fl, family, XFRM_POLICY_OUT);
	if (pol === null) return null;
	let num_xfrms = pol.action === XFRM_POLICY_ALLOW ? pol.xfrm_vec.length : -1;
	if (num_xfrms > 0) {
		const states = xfrm_tmpl_resolve(pol, fl, family);
		if (typeof states === 'number') {
			if (states !== -EAGAIN) {
				XFRM_INC_STATS(net, 'XfrmOutPolError');
				return states;
			}
		} else if (states.length === 0) num_xfrms = 0;
		else {
			const xdst = xfrm_bundle_create(pol, states, fl, dst_orig);
			if (typeof xdst === 'number') {
				XFRM_INC_STATS(net, 'XfrmOutBundleGenError');
				return xdst;
			}
			xdst.num_xfrms = states.length;
			xdst.pol = pol;
			pol.refcnt++;
			xdst.policy_genid = pol.genid;
			return xdst;
		}
	}
	const dummy = xfrm_alloc_dst(xfrm_globals.of(net.machine).afinfo!);
	dummy.pol = pol;
	pol.refcnt++;
	dummy.num_xfrms = num_xfrms;
	return dummy;
}

/**
 * Finds the bundle for a flow. Takes over the reference on the route.
 * @param flags XFRM_LOOKUP_*
 * @returns the bundle, the route when the flow needs no transform, -EPERM when a policy blocks it,
 *          -EREMOTE when there is no state, -ENOENT with XFRM_LOOKUP_ICMP when no policy lets errors pass
 * @kernel net/xfrm/xfrm_policy.c:3183 (v5.10)
 */
export function xfrm_lookup(
	net: net,
	dst_orig: dst_entry,
	fl: flowi,
	_sk: sock | null,
	flags: number,
): dst_entry | number {
	const family = dst_orig.ops.family;
	let err = 0;
	nopol: {
		if (
			(dst_orig.flags & DST_NOXFRM) !== 0 ||
			net.xfrm.policy_count[XFRM_POLICY_OUT] === 0 ||
			family !== AF_INET
		)
			break nopol;
		const xdst = xfrm_bundle_lookup(net, fl as flowi4, family, dst_orig);
		if (xdst === null) break nopol;
		if (typeof xdst === 'number') {
			if (xdst === -EREMOTE) break nopol;
			if ((flags & XFRM_LOOKUP_KEEP_DST_REF) === 0) dst_release(dst_orig);
			return xdst;
		}
		const pol = xdst.pol!;
		if (xdst.route === null && xdst.num_xfrms > 0) {
			XFRM_INC_STATS(net, 'XfrmOutNoStates');
			err = net.xfrm.sysctl_larval_drop !== 0 ? -EREMOTE : -EAGAIN;
		} else if ((flags & XFRM_LOOKUP_ICMP) !== 0 && (pol.flags & XFRM_POLICY_ICMP) === 0) err = -ENOENT;
		else {
			pol.curlft.use_time = xfrm_seconds(net);
			if (xdst.num_xfrms < 0) {
				XFRM_INC_STATS(net, 'XfrmOutPolBlock');
				err = -EPERM;
			} else if (xdst.num_xfrms > 0) {
				dst_release(dst_orig);
				if (xdst.xfrm!.props.mode === XFRM_MODE_TUNNEL) xdst.flags |= DST_XFRM_TUNNEL;
				return xdst;
			} else {
				dst_release(xdst);
				return dst_orig;
			}
		}
		dst_release(xdst);
		if ((flags & XFRM_LOOKUP_KEEP_DST_REF) === 0) dst_release(dst_orig);
		return err;
	}
	if ((flags & XFRM_LOOKUP_ICMP) === 0) return dst_orig;
	if ((flags & XFRM_LOOKUP_KEEP_DST_REF) === 0) dst_release(dst_orig);
	return -ENOENT;
}

/**
 * The same for a caller that sends at once: without a state the packet goes into a black hole.
 * @kernel net/xfrm/xfrm_policy.c:3194 (v5.10)
 */
export function xfrm_lookup_route(
	net: net,
	dst_orig: dst_entry,
	fl: flowi,
	sk: sock | null,
	flags: number,
): dst_entry | number {
	const dst = xfrm_lookup(
		net,
		dst_orig,
		fl,
		sk,
		flags | XFRM_LOOKUP_QUEUE | XFRM_LOOKUP_KEEP_DST_REF,
	);
	if (dst === -EREMOTE) return xfrm_globals.of(net.machine).afinfo!.blackhole_route(net, dst_orig);
	if (typeof dst === 'number') dst_release(dst_orig);
	return dst;
}

/**
 * Tells whether a state is what a template asks for.
 * @kernel net/xfrm/xfrm_policy.c:3233 (v5.10)
 */
function xfrm_state_ok(tmpl: xfrm_user_tmpl, x: xfrm_state): boolean {
	return (
		x.id.proto === tmpl.id.proto &&
		(x.id.spi === tmpl.id.spi || tmpl.id.spi === 0) &&
		(x.props.reqid === tmpl.reqid || tmpl.reqid === 0) &&
		x.props.mode === tmpl.mode &&
		(tmpl.aalgos === 0xffffffff || (tmpl.aalgos & (1 << x.props.aalgo)) !== 0) &&
		(x.props.mode === XFRM_MODE_TRANSPORT ||
			((tmpl.saddr === 0 || x.props.saddr === tmpl.saddr) &&
				(tmpl.id.daddr === 0 || x.id.daddr === tmpl.id.daddr)))
	);
}

/**
 * Finds the state of a received packet that a template asks for.
 * @param start where to begin on its path
 * @returns where to go on, or -1
 * @kernel net/xfrm/xfrm_policy.c:3256 (v5.10)
 */
function xfrm_policy_ok(tmpl: xfrm_user_tmpl, xvec: readonly xfrm_state[], start: number): number {
	const missing = tmpl.optional ? start : -1;
	if (tmpl.optional && tmpl.mode === XFRM_MODE_TRANSPORT) return start;
	for (let idx = start; idx < xvec.length; idx++) {
		if (xfrm_state_ok(tmpl, xvec[idx])) return idx + 1;
		if (xvec[idx].props.mode !== XFRM_MODE_TRANSPORT) break;
	}
	return missing;
}

/**
 * The destination below, null for a plain route.
 * @kernel include/net/xfrm.h:909 (v5.10)
 */
export function xfrm_dst_child(dst: dst_entry): dst_entry | null {
	return dst.xfrm !== null ? (dst as xfrm_dst).child : null;
}

/**
 * The plain route at the end of a bundle; a plain route itself.
 * @kernel include/net/xfrm.h:897 (v5.10)
 */
export function xfrm_dst_path(dst: dst_entry): dst_entry {
	return dst.xfrm !== null ? ((dst as xfrm_dst).path ?? dst) : dst;
}

/**
 * Lets go of what a destination of a bundle holds.
 * @kernel include/net/xfrm.h:926 (v5.10)
 */
export function xfrm_dst_destroy(xdst: xfrm_dst): void {
	dst_release(xdst.route);
	xdst.route = null;
	if (xdst.child !== null) dst_release(xdst.child);
	xdst.child = null;
	if (xdst.pol !== null) xfrm_pol_put(xdst.pol);
	xdst.pol = null;
	if (xdst.xfrm !== null) xfrm_state_put(xdst.xfrm);
	xdst.xfrm = null;
}

/**
 * What all families' bundles do alike.
 * @kernel net/xfrm/xfrm_policy.c:3990 (v5.10)
 */
export const xfrm_dst_ops: Omit<dst_ops, 'family'> = {
	check: (dst) => (dst.obsolete < 0 && xfrm_bundle_ok(dst as xfrm_dst) ? dst : null),
	default_advmss: (dst) => dst_metric_advmss(xfrm_dst_path(dst)),
	mtu: (dst) => {
		const mtu = dst_metric_raw(dst, RTAX_MTU);
		return mtu !== 0 ? mtu : dst_mtu(xfrm_dst_path(dst));
	},
	negative_advice: (dst) => {
		if (dst.obsolete === 0) return dst;
		dst_release(dst);
		return null;
	},
	neigh_lookup: (dst, skb, daddr): neighbour | null => {
		const path = xfrm_dst_path(dst);
		return path.ops.neigh_lookup(path, skb, skb === null ? xfrm_get_dst_nexthop(dst, daddr) : daddr);
	},
	confirm_neigh: (dst, daddr) => {
		const path = xfrm_dst_path(dst);
		path.ops.confirm_neigh?.(path, xfrm_get_dst_nexthop(dst, daddr));
	},
};

/* checks */

/**
 * Makes the bytes of a packet up to an offset of its head linear.
 * @returns false when the packet ends before
 * @kernel PORT: the condition that decode_session4() and decode_session6() have at each header
 */
function session_may_pull(skb: sk_buff, end: number): boolean {
	return end < skb.data || pskb_may_pull(skb, end - skb.data);
}

/**
 * Fills the flow key of an IPv4 packet.
 * @kernel net/xfrm/xfrm_policy.c:3279 (v5.10)
 */
function decode_session4(skb: sk_buff, fl4: flowi4, reverse: boolean): void {
	const iph = skb.network_header;
	const { head } = skb;
	const proto = head[iph + IPHDR_protocol];
	const off = iph + (head[iph] & 0xf) * 4;
	fl4.clear();
	fl4.flowi4_mark = skb.mark;
	fl4.flowi4_oif = reverse ? skb.skb_iif : (skb._dst?.dev?.ifindex ?? 0);
	fl4.flowi4_proto = proto;
	fl4.daddr = get_unaligned_be32(head, iph + (reverse ? IPHDR_saddr : IPHDR_daddr));
	fl4.saddr = get_unaligned_be32(head, iph + (reverse ? IPHDR_daddr : IPHDR_saddr));
	fl4.flowi4_tos = head[iph + IPHDR_tos];
	if (ip_is_fragment(skb.view, iph)) return;
	const delta = off - iph;
	switch (proto) {
		case IPPROTO_UDP:
		case IPPROTO_UDPLITE:
		case IPPROTO_TCP:
		case IPPROTO_SCTP:
		case IPPROTO_DCCP: {
			if (!session_may_pull(skb, off + 4)) return;
			const ports = skb.network_header + delta;
			fl4.uli_sport = get_unaligned_be16(skb.head, ports + (reverse ? 2 : 0));
			fl4.uli_dport = get_unaligned_be16(skb.head, ports + (reverse ? 0 : 2));
			break;
		}
		case IPPROTO_ICMP: {
			if (!session_may_pull(skb, off + 2)) return;
			const icmph = skb.network_header + delta;
			fl4.uli_type = skb.head[icmph];
			fl4.uli_code = skb.head[icmph + 1];
			break;
		}
		case IPPROTO_ESP:
			if (!session_may_pull(skb, off + 4)) return;
			fl4.uli = get_unaligned_be32(skb.head, skb.network_header + delta);
			break;
	}
}

/**
 * Fills the flow key of an IPv6 packet.
 * @kernel net/xfrm/xfrm_policy.c:3388 (v5.10)
 */
function decode_session6(skb: sk_buff, fl6: flowi6, reverse: boolean): void {
	const hdr = skb.network_header;
	const { nhoff } = IP6CB(skb);
	let nexthdr = skb.head[hdr + (nhoff !== 0 ? nhoff : IPV6HDR_nexthdr)];
	fl6.clear();
	fl6.flowi6_mark = skb.mark;
	fl6.flowi6_oif = reverse ? skb.skb_iif : (skb._dst?.dev?.ifindex ?? 0);
	ipv6_addr_copy(fl6.daddr, skb.head, 0, hdr + (reverse ? IPV6HDR_saddr : IPV6HDR_daddr));
	ipv6_addr_copy(fl6.saddr, skb.head, 0, hdr + (reverse ? IPV6HDR_daddr : IPV6HDR_saddr));
	let offset = IPV6HDR_LEN;
	let onlyproto = false;
	while (session_may_pull(skb, skb.network_header + offset + 2)) {
		const at = skb.network_header + offset;
		switch (nexthdr) {
			case NEXTHDR_FRAGMENT:
				onlyproto = true;
			/* falls through */
			case NEXTHDR_ROUTING:
			case NEXTHDR_HOP:
			case NEXTHDR_DEST:
				nexthdr = skb.head[at];
				offset += (skb.head[at + 1] + 1) << 3;
				continue;
			case IPPROTO_UDP:
			case IPPROTO_UDPLITE:
			case IPPROTO_TCP:
			case IPPROTO_SCTP:
			case IPPROTO_DCCP:
				if (!onlyproto && session_may_pull(skb, skb.network_header + offset + 4)) {
					const ports = skb.network_header + offset;
					fl6.uli_sport = get_unaligned_be16(skb.head, ports + (reverse ? 2 : 0));
					fl6.uli_dport = get_unaligned_be16(skb.head, ports + (reverse ? 0 : 2));
				}
				break;
			case IPPROTO_ICMPV6:
				if (!onlyproto && session_may_pull(skb, skb.network_header + offset + 2)) {
					fl6.uli_type = skb.head[skb.network_header + offset];
					fl6.uli_code = skb.head[skb.network_header + offset + 1];
				}
				break;
		}
		fl6.flowi6_proto = nexthdr;
		return;
	}
}

/**
 * Fills the flow key of a packet.
 * @param reverse of the answer to it
 * @returns 0, or -EAFNOSUPPORT for a family without policies
 * @kernel net/xfrm/xfrm_policy.c:3486 (v5.10)
 */
export function __xfrm_decode_session(
	skb: sk_buff,
	fl: flowi,
	family: number,
	reverse: boolean,
): number {
	switch (family) {
		case AF_INET:
			decode_session4(skb, fl as flowi4, reverse);
			break;
		case AF_INET6:
			decode_session6(skb, fl as flowi6, reverse);
			break;
		default:
			return -EAFNOSUPPORT;
	}
	return 0;
}

const no_path: readonly xfrm_state[] = [];

/**
 * Tells whether a packet may pass: it has gone through the states that its policy asks for, and no others.
 * @kernel net/xfrm/xfrm_policy.c:3518 (v5.10)
 */
export function __xfrm_policy_check(
	skb: sk_buff,
	dir: 0 | 1 | 2,
	reverse: boolean,
	family: number,
	sp: sec_path | null,
): boolean {
	const net = skb.dev!.nd_net;
	const fl = new flowi4();
	if (__xfrm_decode_session(skb, fl, family, reverse) < 0) {
		XFRM_INC_STATS(net, 'XfrmInHdrError');
		return false;
	}
	nf_nat_decode_session(skb, fl);
	const xvec = sp?.xvec ?? no_path;
	for (let i = xvec.length - 1; i >= 0; i--) {
		const { sel } = xvec[i];
		if (sel.family !== AF_UNSPEC && !xfrm_selector_match(sel, fl, family)) {
			XFRM_INC_STATS(net, 'XfrmInStateMismatch');
			return false;
		}
	}
	const tunnelled = (k: number): boolean =>
		xvec.slice(k).some((x) => x.props.mode !== XFRM_MODE_TRANSPORT);
	const pol = xfrm_policy_lookup(net, fl, family, dir);
	if (pol === null) {
		if (!tunnelled(0)) return true;
		XFRM_INC_STATS(net, 'XfrmInNoPols');
		return false;
	}
	pol.curlft.use_time = xfrm_seconds(net);
	if (pol.action !== XFRM_POLICY_ALLOW) {
		XFRM_INC_STATS(net, 'XfrmInPolBlock');
		return false;
	}
	let k = 0;
	for (let i = pol.xfrm_vec.length - 1; i >= 0 && k >= 0; i--)
		k = xfrm_policy_ok(pol.xfrm_vec[i], xvec, k);
	if (k >= 0 && !tunnelled(k)) return true;
	XFRM_INC_STATS(net, 'XfrmInTmplMismatch');
	return false;
}

/**
 * Puts a forwarded packet on the bundle that its flow needs.
 * @returns false when it must be dropped
 * @kernel net/xfrm/xfrm_policy.c:3684 (v5.10)
 */
export function __xfrm_route_forward(skb: sk_buff, family: number): boolean {
	const net = skb.dev!.nd_net;
	const fl = new flowi4();
	if (__xfrm_decode_session(skb, fl, family, false) < 0 || !skb_dst_force(skb)) {
		XFRM_INC_STATS(net, 'XfrmFwdHdrError');
		return false;
	}
	const dst = xfrm_lookup(net, skb._dst!, fl, null, XFRM_LOOKUP_QUEUE);
	skb._dst_noref = false;
	if (typeof dst === 'number') {
		skb._dst = null;
		return false;
	}
	skb._dst = dst;
	return true;
}

/**
 * Sets the MTU of each destination of a new bundle.
 * @kernel net/xfrm/xfrm_policy.c:3774 (v5.10)
 */
function xfrm_init_pmtu(bundle: readonly xfrm_dst[]): void {
	for (let nr = bundle.length - 1; nr >= 0; nr--) {
		const xdst = bundle[nr];
		xdst.child_mtu_cached = dst_mtu(xdst.child!);
		xdst.route_mtu_cached = dst_mtu(xdst.route!);
		dst_metric_set(
			xdst,
			RTAX_MTU,
			Math.min(xfrm_state_mtu(xdst.xfrm!, xdst.child_mtu_cached), xdst.route_mtu_cached),
		);
	}
}

/**
 * Tells whether a bundle is still good: states alive and the newest, policy unchanged, routes valid. Brings its
 * MTUs up to date.
 * @kernel net/xfrm/xfrm_policy.c:3801 (v5.10)
 */
function xfrm_bundle_ok(first: xfrm_dst): boolean {
	const path = xfrm_dst_path(first);
	if (dst_check(path, 0) === null) return false;
	if (first.dev !== null && !netif_running(first.dev)) return false;
	const bundle: xfrm_dst[] = [];
	let start_from = 0;
	let dst: dst_entry = first;
	do {
		const xdst = dst as xfrm_dst;
		const x = xdst.xfrm!;
		if (x.km_state !== XFRM_STATE_VALID || xdst.xfrm_genid !== x.genid) return false;
		if (xdst.pol !== null && xdst.policy_genid !== xdst.pol.genid) return false;
		bundle.push(xdst);
		let mtu = dst_mtu(xdst.child!);
		if (xdst.child_mtu_cached !== mtu) {
			start_from = bundle.length;
			xdst.child_mtu_cached = mtu;
		}
		if (dst_check(xdst.route!, 0) === null) return false;
		mtu = dst_mtu(xdst.route!);
		if (xdst.route_mtu_cached !== mtu) {
			start_from = bundle.length;
			xdst.route_mtu_cached = mtu;
		}
		dst = xdst.child!;
	} while (dst.xfrm !== null);
	for (let i = start_from - 1; i >= 0; i--) {
		const xdst = bundle[i];
		const mtu = Math.min(
			xfrm_state_mtu(xdst.xfrm!, xdst.child_mtu_cached),
			xdst.route_mtu_cached,
		);
		dst_metric_set(xdst, RTAX_MTU, mtu);
		if (i > 0) bundle[i - 1].child_mtu_cached = mtu;
	}
	return true;
}

/**
 * Address that packets of a bundle are sent to.
 * @kernel net/xfrm/xfrm_policy.c:3881 (v5.10)
 */
function xfrm_get_dst_nexthop(
	dst: dst_entry,
	daddr: number | Uint8Array | null,
): number | Uint8Array | null {
	while (dst.xfrm !== null) {
		const x = dst.xfrm;
		dst = (dst as xfrm_dst).child!;
		if (x.props.mode !== XFRM_MODE_TRANSPORT) daddr = x.id.daddr;
	}
	return daddr;
}

/**
 * Makes the part of IPv4 known.
 * @kernel net/xfrm/xfrm_policy.c:3918 (v5.10)
 */
export function xfrm_policy_register_afinfo(m: Machine, afinfo: xfrm_policy_afinfo): void {
	xfrm_globals.of(m).afinfo = afinfo;
}

/* boot */

const xfrm_net_ops: pernet_operations = {
	init: (net) => {
		xfrm_proc_init(net);
		const { xfrm } = net;
		register_net_sysctl(net, 'net/core', [
			proc_dointvec(
				'xfrm_acq_expires',
				() => xfrm.sysctl_acq_expires,
				(v) => {
					xfrm.sysctl_acq_expires = v;
				},
			),
			proc_dointvec(
				'xfrm_aevent_etime',
				() => xfrm.sysctl_aevent_etime,
				(v) => {
					xfrm.sysctl_aevent_etime = v;
				},
			),
			proc_dointvec(
				'xfrm_aevent_rseqth',
				() => xfrm.sysctl_aevent_rseqth,
				(v) => {
					xfrm.sysctl_aevent_rseqth = v;
				},
			),
			proc_dointvec(
				'xfrm_larval_drop',
				() => xfrm.sysctl_larval_drop,
				(v) => {
					xfrm.sysctl_larval_drop = v;
				},
			),
		]);
		return 0;
	},
	exit: (net) => {
		xfrm_policy_flush(net);
		xfrm_state_flush(net, 0);
		xfrm_proc_fini(net);
	},
};

/**
 * Boots IPsec: namespaces, /proc/net/xfrm_stat, the hooks of the packet path.
 * @kernel net/xfrm/xfrm_policy.c:4166 (v5.10)
 */
export function xfrm_init(m: Machine): number {
	xfrm_lookup_ops.of(m).fn = { xfrm_lookup, xfrm_lookup_route };
	xfrm_policy_check_ops.of(m).fn = {
		policy_check: (_sk, flagged, skb, family) => {
			const dir = (flagged & XFRM_POLICY_MASK) as 0 | 1 | 2;
			const { sp } = skb;
			if (skb._dst !== null && (skb._dst.flags & DST_NOPOLICY) !== 0) return true;
			if (family !== AF_INET && sp === null) return true;
			return __xfrm_policy_check(skb, dir, (flagged & ~XFRM_POLICY_MASK) !== 0, family, sp);
		},
		route_forward: (skb, family) =>
			family !== AF_INET ||
			(skb._dst!.flags & DST_NOXFRM) !== 0 ||
			__xfrm_route_forward(skb, family),
		decode_session: __xfrm_decode_session,
		state_icmp: (skb) => {
			const x = skb.sp?.xvec.at(-1);
			return x !== undefined && (x.props.flags & XFRM_STATE_ICMP) !== 0;
		},
		sk_clone_policy: () => 0,
		sk_free_policy: () => {},
	};
	ipv4_stub.of(m).xfrm_dst_path = xfrm_dst_path;
	return register_pernet_subsys(m, xfrm_net_ops);
}
