// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/xfrm/xfrm_user.c, base v5.10: states and policies by netlink.
 *
 * PORT: xfrm_rcv_msg() takes message objects (include/uapi/linux/xfrm.ts); a dump is a GET with NLM_F_DUMP.
 * Not ported: notifications, SPI allocation, counts, hash thresholds, migration, everything that is not
 * IPv4 and ESP with a cipher and a digest.
 */
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../include/linux/socket.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { NLM_F_DUMP, type netlink_ext_ack, type nlmsg } from '../../include/net/netlink.ts';
import {
	XFRM_STATE_DEAD,
	XFRM_STATE_VALID,
	XFRM_STATE_VOID,
	xfrm_policy,
	xfrm_state,
} from '../../include/net/xfrm.ts';
import {
	EAFNOSUPPORT,
	EINVAL,
	ENOENT,
	ENOSYS,
	EPROTONOSUPPORT,
	ESRCH,
} from '../../include/uapi/linux/errno.ts';
import { IPPROTO_AH, IPPROTO_ESP } from '../../include/uapi/linux/in.ts';
import {
	XFRM_MAX_DEPTH,
	XFRM_MODE_TRANSPORT,
	XFRM_MODE_TUNNEL,
	XFRM_MSG_DELPOLICY,
	XFRM_MSG_DELSA,
	XFRM_MSG_FLUSHPOLICY,
	XFRM_MSG_FLUSHSA,
	XFRM_MSG_GETPOLICY,
	XFRM_MSG_GETSA,
	XFRM_MSG_NEWPOLICY,
	XFRM_MSG_NEWSA,
	XFRM_MSG_UPDPOLICY,
	XFRM_MSG_UPDSA,
	XFRM_POLICY_BLOCK,
	XFRM_POLICY_FWD,
	XFRM_POLICY_MASK,
	type xfrm_selector,
	xfrm_userpolicy_msg,
	xfrm_usersa_msg,
	type xfrm_user_tmpl,
} from '../../include/uapi/linux/xfrm.ts';
import { xfrm_aalg_get_byname, xfrm_ealg_get_byname } from './xfrm_algo.ts';
import {
	xfrm_policy_byid,
	xfrm_policy_bysel_ctx,
	xfrm_policy_flush,
	xfrm_policy_insert,
} from './xfrm_policy.ts';
import {
	xfrm_init_state,
	xfrm_seconds,
	xfrm_state_add,
	xfrm_state_delete,
	xfrm_state_flush,
	xfrm_state_lookup,
	xfrm_state_put,
} from './xfrm_state.ts';

/**
 * Checks a selector.
 * @kernel net/xfrm/xfrm_user.c:158 (v5.10) the part of verify_newsa_info about selectors
 */
function verify_selector(sel: xfrm_selector): number {
	if (sel.family === AF_UNSPEC) return 0;
	if (sel.family === AF_INET6) return -EAFNOSUPPORT;
	if (sel.family !== AF_INET || sel.prefixlen_d > 32 || sel.prefixlen_s > 32) return -EINVAL;
	return 0;
}

/**
 * Checks a new state.
 * @returns 0, -EAFNOSUPPORT for IPv6, -EPROTONOSUPPORT for a protocol that is not ported, -EINVAL
 * @kernel net/xfrm/xfrm_user.c:148 (v5.10)
 */
function verify_newsa_info(p: xfrm_usersa_msg): number {
	if (p.family === AF_INET6) return -EAFNOSUPPORT;
	if (p.family !== AF_INET) return -EINVAL;
	const err = verify_selector(p.sel);
	if (err !== 0) return err;
	if (p.id.proto === IPPROTO_AH) return -EPROTONOSUPPORT;
	if (p.id.proto !== IPPROTO_ESP) return -EINVAL;
	if (p.aalg === null && p.ealg === null) return -EINVAL;
	if (p.mode !== XFRM_MODE_TRANSPORT && p.mode !== XFRM_MODE_TUNNEL) return -EINVAL;
	return 0;
}

/**
 * Gives a state its algorithms under the kernel's names.
 * @returns 0, or -ENOSYS for one that is not there
 * @kernel net/xfrm/xfrm_user.c:325 (v5.10) attach_auth, attach_crypt and their like
 */
function attach_algs(x: xfrm_state, p: xfrm_usersa_msg): number {
	if (p.aalg !== null) {
		const desc = xfrm_aalg_get_byname(p.aalg.alg_name);
		if (desc === null) return -ENOSYS;
		if (p.aalg.alg_trunc_len > desc.icv_fullbits) return -EINVAL;
		x.props.aalgo = desc.sadb_alg_id;
		x.aalg = {
			alg_name: desc.name,
			alg_key: p.aalg.alg_key.slice(),
			alg_trunc_len: p.aalg.alg_trunc_len !== 0 ? p.aalg.alg_trunc_len : desc.icv_truncbits,
		};
	}
	if (p.ealg !== null) {
		const desc = xfrm_ealg_get_byname(p.ealg.alg_name);
		if (desc === null) return -ENOSYS;
		x.props.ealgo = desc.sadb_alg_id;
		x.ealg = { alg_name: desc.name, alg_key: p.ealg.alg_key.slice(), alg_trunc_len: 0 };
	}
	return 0;
}

/**
 * Makes a state from a message.
 * @returns the state or a negative errno
 * @kernel net/xfrm/xfrm_user.c:570 (v5.10)
 */
function xfrm_state_construct(net: net, p: xfrm_usersa_msg): xfrm_state | number {
	const x = new xfrm_state(net);
	x.id = { ...p.id };
	Object.assign(x.sel, p.sel);
	Object.assign(x.lft, p.lft);
	x.props.mode = p.mode;
	x.props.replay_window = Math.min(p.replay_window, 32);
	x.props.reqid = p.reqid;
	x.props.family = p.family;
	x.props.saddr = p.saddr;
	x.props.flags = p.sa_flags;
	if (x.sel.family === AF_UNSPEC && x.props.mode === XFRM_MODE_TRANSPORT) x.sel.family = p.family;
	let err = attach_algs(x, p);
	if (err === 0) err = xfrm_init_state(x);
	if (err !== 0) return err;
	Object.assign(x.replay, p.replay);
	x.curlft.add_time = xfrm_seconds(net);
	return x;
}

/**
 * Adds a state, or puts it in the place of one.
 * @kernel net/xfrm/xfrm_user.c:671 (v5.10)
 */
function xfrm_add_sa(net: net, p: xfrm_usersa_msg): number {
	let err = verify_newsa_info(p);
	if (err !== 0) return err;
	const x = xfrm_state_construct(net, p);
	if (typeof x === 'number') return x;
	if (p.type === XFRM_MSG_UPDSA) {
		const old = xfrm_state_lookup(net, p.id.daddr, p.id.spi, p.id.proto);
		if (old === null) return -ESRCH;
		Object.assign(old.lft, x.lft);
		if (old.sel.family !== AF_UNSPEC) Object.assign(old.sel, x.sel);
		xfrm_state_put(old);
		x.km_state = XFRM_STATE_DEAD;
		return 0;
	}
	err = xfrm_state_add(x);
	if (err < 0) x.km_state = XFRM_STATE_DEAD;
	else if (x.km_state === XFRM_STATE_VOID) x.km_state = XFRM_STATE_VALID;
	return err;
}

/**
 * Message about a state.
 * @kernel net/xfrm/xfrm_user.c:787 (v5.10)
 */
function copy_to_user_state(x: xfrm_state): xfrm_usersa_msg {
	const p = new xfrm_usersa_msg(XFRM_MSG_NEWSA, 0);
	p.id = { ...x.id };
	Object.assign(p.sel, x.sel);
	Object.assign(p.lft, x.lft);
	Object.assign(p.curlft, x.curlft);
	Object.assign(p.stats, x.stats);
	Object.assign(p.replay, x.replay);
	p.saddr = x.props.saddr;
	p.mode = x.props.mode;
	p.replay_window = x.props.replay_window;
	p.reqid = x.props.reqid;
	p.family = x.props.family;
	p.sa_flags = x.props.flags;
	p.aalg = x.aalg;
	p.ealg = x.ealg;
	return p;
}

/**
 * Reads or deletes a state.
 * @kernel net/xfrm/xfrm_user.c:1305 (v5.10)
 */
function xfrm_get_sa(net: net, p: xfrm_usersa_msg, reply: nlmsg[]): number {
	const x = xfrm_state_lookup(net, p.id.daddr, p.id.spi, p.id.proto);
	if (x === null) return -ESRCH;
	let err = 0;
	if (p.type === XFRM_MSG_DELSA) err = xfrm_state_delete(x);
	else reply.push(copy_to_user_state(x));
	xfrm_state_put(x);
	return err;
}

/**
 * Checks a new policy.
 * @kernel net/xfrm/xfrm_user.c:1436 (v5.10)
 */
function verify_newpolicy_info(p: xfrm_userpolicy_msg): number {
	if (p.action > XFRM_POLICY_BLOCK) return -EINVAL;
	if (p.sel.family === AF_INET6) return -EAFNOSUPPORT;
	if (p.sel.family !== AF_INET || p.sel.prefixlen_d > 32 || p.sel.prefixlen_s > 32) return -EINVAL;
	if (p.dir > XFRM_POLICY_FWD) return -EINVAL;
	if (p.index !== 0 && (p.index & XFRM_POLICY_MASK) !== p.dir) return -EINVAL;
	return 0;
}

/**
 * Checks the templates of a policy and completes their families.
 * @kernel net/xfrm/xfrm_user.c:1527 (v5.10)
 */
function validate_tmpl(ut: xfrm_user_tmpl[], family: number): number {
	if (ut.length > XFRM_MAX_DEPTH) return -EINVAL;
	let prev_family = family;
	for (const t of ut) {
		if (t.family === 0) t.family = family;
		if (t.mode !== XFRM_MODE_TUNNEL && t.family !== prev_family) return -EINVAL;
		if (t.mode !== XFRM_MODE_TRANSPORT && t.mode !== XFRM_MODE_TUNNEL) return -EINVAL;
		prev_family = t.family;
		if (t.family !== AF_INET) return -EINVAL;
		if (t.id.proto !== IPPROTO_ESP) return -EPROTONOSUPPORT;
	}
	return 0;
}

/**
 * Message about a policy.
 * @kernel net/xfrm/xfrm_user.c:1632 (v5.10)
 */
function copy_to_user_policy(xp: xfrm_policy): xfrm_userpolicy_msg {
	const p = new xfrm_userpolicy_msg(XFRM_MSG_NEWPOLICY, 0);
	Object.assign(p.sel, xp.selector);
	Object.assign(p.lft, xp.lft);
	Object.assign(p.curlft, xp.curlft);
	p.priority = xp.priority;
	p.index = xp.index;
	p.dir = xp.index & XFRM_POLICY_MASK;
	p.action = xp.action;
	p.policy_flags = xp.flags;
	p.tmpl = xp.xfrm_vec.map((t) => ({ ...t, id: { ...t.id } }));
	return p;
}

/**
 * Adds a policy.
 * @kernel net/xfrm/xfrm_user.c:1681 (v5.10)
 */
function xfrm_add_policy(net: net, p: xfrm_userpolicy_msg): number {
	let err = verify_newpolicy_info(p);
	if (err === 0) err = validate_tmpl(p.tmpl, p.sel.family);
	if (err !== 0) return err;
	const xp = new xfrm_policy(net);
	xp.priority = p.priority;
	xp.index = p.index;
	Object.assign(xp.selector, p.sel);
	Object.assign(xp.lft, p.lft);
	xp.action = p.action;
	xp.flags = p.policy_flags;
	xp.family = p.sel.family;
	xp.xfrm_vec = p.tmpl.map((t) => ({ ...t, id: { ...t.id } }));
	return xfrm_policy_insert(p.dir as 0 | 1 | 2, xp, p.type === XFRM_MSG_NEWPOLICY);
}

/**
 * Reads or deletes a policy.
 * @kernel net/xfrm/xfrm_user.c:1904 (v5.10)
 */
function xfrm_get_policy(net: net, p: xfrm_userpolicy_msg, reply: nlmsg[]): number {
	if (p.dir > XFRM_POLICY_FWD) return -EINVAL;
	const del = p.type === XFRM_MSG_DELPOLICY;
	const dir = p.dir as 0 | 1 | 2;
	const xp =
		p.index !== 0
			? xfrm_policy_byid(net, dir, p.index, del)
			: xfrm_policy_bysel_ctx(net, dir, p.sel, del);
	if (xp === null) return -ENOENT;
	if (!del) reply.push(copy_to_user_policy(xp));
	return 0;
}

/**
 * Does what a message asks for.
 * @param reply is given what a GET or a dump finds, newest last
 * @returns 0 or a negative errno
 * @kernel net/xfrm/xfrm_user.c:2688 (v5.10)
 */
export function xfrm_user_rcv_msg(
	net: net,
	msg: xfrm_usersa_msg | xfrm_userpolicy_msg,
	_extack: netlink_ext_ack,
	reply: nlmsg[],
): number {
	const dump = (msg.flags & NLM_F_DUMP) === NLM_F_DUMP;
	if (msg instanceof xfrm_usersa_msg) {
		switch (msg.type) {
			case XFRM_MSG_NEWSA:
			case XFRM_MSG_UPDSA:
				return xfrm_add_sa(net, msg);
			case XFRM_MSG_GETSA:
				if (!dump) return xfrm_get_sa(net, msg, reply);
				for (const x of net.xfrm.state_all) reply.push(copy_to_user_state(x));
				return 0;
			case XFRM_MSG_DELSA:
				return xfrm_get_sa(net, msg, reply);
			case XFRM_MSG_FLUSHSA:
				xfrm_state_flush(net, msg.id.proto);
				return 0;
		}
		return -EINVAL;
	}
	switch (msg.type) {
		case XFRM_MSG_NEWPOLICY:
		case XFRM_MSG_UPDPOLICY:
			return xfrm_add_policy(net, msg);
		case XFRM_MSG_GETPOLICY:
			if (!dump) return xfrm_get_policy(net, msg, reply);
			for (const xp of net.xfrm.policy_all) reply.push(copy_to_user_policy(xp));
			return 0;
		case XFRM_MSG_DELPOLICY:
			return xfrm_get_policy(net, msg, reply);
		case XFRM_MSG_FLUSHPOLICY:
			xfrm_policy_flush(net);
			return 0;
	}
	return -EINVAL;
}
