// SPDX-License-Identifier: GPL-2.0-only
/*
 * ip neighbour.
 */
import {
	nla_data,
	nla_get_u32,
	nla_get_u8,
	nla_parse_nested,
	NLM_F_CREATE,
	NLM_F_EXCL,
	NLM_F_REPLACE,
} from '../../../../../include/net/netlink.ts';
import * as N from '../../../../../include/uapi/linux/neighbour.ts';
import {
	ndmsg_msg,
	RTM_DELNEIGH,
	RTM_GETNEIGH,
	RTM_NEWNEIGH,
} from '../../../../../include/uapi/linux/rtnetlink.ts';
import { mac_text } from '../../lib/address.ts';
import {
	addr_text,
	AF_UNSPEC,
	type command,
	duparg,
	duparg2,
	exit_error,
	EXIT_MINUS_1,
	get_addr,
	get_lladdr,
	get_prefix,
	get_unsigned,
	type inet_prefix,
	invarg,
	matches,
	nla_addr,
	rtnl_rtprot_a2n,
	same_prefix,
} from './utils.ts';

const states: [number, string][] = [
	[N.NUD_INCOMPLETE, 'INCOMPLETE'],
	[N.NUD_REACHABLE, 'REACHABLE'],
	[N.NUD_STALE, 'STALE'],
	[N.NUD_DELAY, 'DELAY'],
	[N.NUD_PROBE, 'PROBE'],
	[N.NUD_FAILED, 'FAILED'],
	[N.NUD_NOARP, 'NOARP'],
	[N.NUD_PERMANENT, 'PERMANENT'],
];

/** State of a neighbour by its word, or null. */
function nud_state_a2n(s: string): number | null {
	const words: [string, number][] = [
		['permanent', N.NUD_PERMANENT],
		['reachable', N.NUD_REACHABLE],
		['noarp', N.NUD_NOARP],
		['none', N.NUD_NONE],
		['stale', N.NUD_STALE],
		['incomplete', N.NUD_INCOMPLETE],
		['delay', N.NUD_DELAY],
		['probe', N.NUD_PROBE],
		['failed', N.NUD_FAILED],
	];
	const hit = words.find(([w]) => matches(s, w));
	return hit !== undefined ? hit[1] : get_unsigned(s, 255);
}

function usage(): never {
	throw new exit_error(
		'Usage: ip neigh { add | del | change | replace }\n' +
			'                { ADDR [ lladdr LLADDR ] [ nud STATE ] proxy ADDR }\n' +
			'                [ dev DEV ] [ router ] [ use ] [ managed ] [ extern_learn ]\n' +
			'                [ protocol PROTO ]\n' +
			'\n' +
			'\tip neigh { show | flush } [ proxy ] [ to PREFIX ] [ dev DEV ] [ nud STATE ]\n' +
			'\t\t\t\t  [ vrf NAME ] [ nomaster ]\n' +
			'\tip neigh get { ADDR | proxy ADDR } dev DEV\n' +
			'\n' +
			'STATE := { delay | failed | incomplete | noarp | none |\n' +
			'           permanent | probe | reachable | stale }\n',
		EXIT_MINUS_1,
	);
}

function print_neigh(c: command, n: ndmsg_msg, hide_dev: boolean): void {
	const { o } = c;
	const { tb } = n;
	o.open();
	const dst = nla_addr(tb, N.NDA_DST);
	if (dst !== null) o.put('dst', `${addr_text(dst)} `, addr_text(dst));
	if (!hide_dev && n.ndm_ifindex !== 0) {
		const name = c.index_to_name(n.ndm_ifindex);
		o.put('dev', `dev ${name} `, name);
	}
	const ll = nla_data(tb, N.NDA_LLADDR);
	if (ll !== null) {
		const text = mac_text(ll, 0, ll.length);
		o.put('lladdr', `lladdr ${text} `, text);
	}
	if ((n.ndm_flags & N.NTF_ROUTER) !== 0) o.put('router', 'router ', null);
	if ((n.ndm_flags & N.NTF_PROXY) !== 0) o.put('proxy', 'proxy ', null);
	if ((n.ndm_flags & N.NTF_EXT_LEARNED) !== 0) o.put('extern_learn', 'extern_learn ', null);
	if ((n.ndm_flags & N.NTF_OFFLOADED) !== 0) o.put('offload', 'offload ', null);
	if (c.s.stats > 0) {
		const ci = nla_parse_nested(tb, N.NDA_CACHEINFO);
		if (ci !== null) {
			const v = (k: number): number => nla_get_u32(ci, k) ?? 0;
			const ref = v(N.NDA_CACHEINFO_refcnt);
			if (ref !== 0) o.put('refcnt', ` ref ${ref}`, ref);
			const age = (k: number): number => Math.trunc(v(k) / 100);
			o.put('used', ` used ${age(N.NDA_CACHEINFO_used)}`, age(N.NDA_CACHEINFO_used));
			o.put('confirmed', `/${age(N.NDA_CACHEINFO_confirmed)}`, age(N.NDA_CACHEINFO_confirmed));
			o.put('updated', `/${age(N.NDA_CACHEINFO_updated)}`, age(N.NDA_CACHEINFO_updated));
		}
		const probes = nla_get_u32(tb, N.NDA_PROBES);
		if (probes !== null) o.put('probes', `probes ${probes} `, probes);
	}
	if (n.ndm_state !== 0) {
		const names = states.filter(([bit]) => (n.ndm_state & bit) !== 0).map(([, s]) => s);
		o.open_array('state');
		for (const s of names) o.put('', `${s} `, s);
		o.close();
	}
	const proto = nla_get_u8(tb, N.NDA_PROTOCOL);
	if (proto !== null && proto !== 0) o.put('protocol', `proto ${proto} `, proto);
	o.fp('\n');
	o.close();
}

function ipneigh_list(c: command, flush: boolean): number {
	let state = flush ? 0xff & ~(N.NUD_PERMANENT | N.NUD_NOARP) : 0xff & ~N.NUD_NOARP;
	let state_given = false;
	let index = 0;
	let master = 0;
	let proxy = false;
	let pfx: inet_prefix | null = null;
	let { family } = c.s;
	if (flush && !c.more) throw new exit_error('Flush requires arguments.\n', 1);
	for (; c.more; c.i++) {
		const word = c.arg;
		if (word === 'dev') {
			const arg = c.next();
			if (index !== 0) duparg('dev', arg);
			index = c.need_dev(arg);
		} else if (word === 'master' || word === 'vrf') {
			const arg = c.next();
			master = c.name_to_index(arg);
			if (master === 0)
				invarg(word === 'vrf' ? 'Not a valid VRF name\n' : 'Device does not exist\n', arg);
		} else if (word === 'unused') {
			/* only entries that nobody uses: not told apart here */
		} else if (word === 'nud') {
			const arg = c.next();
			if (!state_given) {
				state_given = true;
				state = 0;
			}
			const n = nud_state_a2n(arg);
			if (n === null) {
				if (arg !== 'all') invarg('nud state is bad', arg);
				state = 0xff;
				if (flush) state &= ~N.NUD_NOARP;
			} else state |= n === N.NUD_NONE ? 0x100 : n;
		} else if (word === 'proxy') proxy = true;
		else if (matches(word, 'protocol')) c.next();
		else {
			const arg = word === 'to' ? c.next() : word;
			if (matches(arg, 'help')) usage();
			pfx = get_prefix(arg, family);
			if (family === AF_UNSPEC) ({ family } = pfx);
		}
	}
	const msg = new ndmsg_msg(RTM_GETNEIGH, 0, new Map());
	msg.ndm_family = family;
	if (proxy) msg.ndm_flags = N.NTF_PROXY;
	if (index !== 0) msg.tb.set(N.NDA_IFINDEX, index);
	if (master !== 0) msg.tb.set(N.NDA_MASTER, master);
	const list = (c.dump(msg, flush ? 'Flush terminated' : 'Dump terminated') as ndmsg_msg[]).filter(
		(n) => {
			if (family !== AF_UNSPEC && n.ndm_family !== family) return false;
			if (index !== 0 && n.ndm_ifindex !== index) return false;
			if ((state & n.ndm_state) === 0 && (n.ndm_flags & N.NTF_PROXY) === 0 && (n.ndm_state !== 0 || (state & 0x100) === 0))
				return false;
			if (pfx !== null && pfx.data !== null) {
				const dst = nla_addr(n.tb, N.NDA_DST);
				if (dst === null || !same_prefix(dst, pfx.data, pfx.bitlen)) return false;
			}
			return true;
		},
	);
	if (!flush) {
		c.listing = true;
		for (const n of list) print_neigh(c, n, index !== 0);
		return 0;
	}
	for (const n of list) {
		const del = new ndmsg_msg(RTM_DELNEIGH, 0, new Map(n.tb));
		del.ndm_family = n.ndm_family;
		del.ndm_ifindex = n.ndm_ifindex;
		del.ndm_state = n.ndm_state;
		del.ndm_flags = n.ndm_flags;
		del.ndm_type = n.ndm_type;
		c.talk(del);
	}
	return 0;
}

function ipneigh_modify(c: command, cmd: number, flags: number): number {
	const msg = new ndmsg_msg(cmd, flags, new Map());
	const { tb } = msg;
	msg.ndm_family = c.s.family;
	msg.ndm_state = N.NUD_PERMANENT;
	let dev: string | null = null;
	let dst: inet_prefix | null = null;
	let lla: string | null = null;
	for (; c.more; c.i++) {
		const word = c.arg;
		if (matches(word, 'lladdr')) {
			const arg = c.next();
			if (lla !== null) duparg('lladdr', arg);
			lla = arg;
		} else if (word === 'nud') {
			const arg = c.next();
			const n = nud_state_a2n(arg);
			if (n === null) invarg('nud state is bad', arg);
			msg.ndm_state = n;
		} else if (matches(word, 'proxy')) {
			const arg = c.next();
			if (matches(arg, 'help')) usage();
			if (dst !== null) duparg('address', arg);
			dst = get_addr(arg, c.s.family);
			msg.ndm_flags |= N.NTF_PROXY;
		} else if (word === 'router') msg.ndm_flags |= N.NTF_ROUTER;
		else if (word === 'use') msg.ndm_flags |= N.NTF_USE;
		else if (matches(word, 'extern_learn')) msg.ndm_flags |= N.NTF_EXT_LEARNED;
		else if (word === 'dev') dev = c.next();
		else if (matches(word, 'protocol')) {
			const n = rtnl_rtprot_a2n(c.next());
			if (n === null) invarg('"protocol" value is invalid\n', c.arg);
			tb.set(N.NDA_PROTOCOL, n);
		} else {
			const arg = word === 'to' ? c.next() : word;
			if (matches(arg, 'help')) usage();
			if (dst !== null) duparg2('to', arg);
			dst = get_addr(arg, c.s.family);
		}
	}
	if (dev === null || dst === null || dst.family === AF_UNSPEC)
		throw new exit_error('Device and destination are required arguments.\n', EXIT_MINUS_1);
	msg.ndm_family = dst.family;
	tb.set(N.NDA_DST, dst.data!);
	if (lla !== null && lla !== 'null') tb.set(N.NDA_LLADDR, get_lladdr(lla));
	msg.ndm_ifindex = c.need_dev(dev);
	c.talk(msg);
	return 0;
}

function ipneigh_get(c: command): number {
	const msg = new ndmsg_msg(RTM_GETNEIGH, 0, new Map());
	let dev: string | null = null;
	let dst: inet_prefix | null = null;
	for (; c.more; c.i++) {
		if (c.arg === 'dev') dev = c.next();
		else if (matches(c.arg, 'proxy')) {
			dst = get_addr(c.next(), c.s.family);
			msg.ndm_flags |= N.NTF_PROXY;
		} else {
			const arg = c.arg === 'to' ? c.next() : c.arg;
			if (matches(arg, 'help')) usage();
			dst = get_addr(arg, c.s.family);
		}
	}
	if (dst === null || (dev === null && (msg.ndm_flags & N.NTF_PROXY) === 0))
		throw new exit_error('Device and address are required arguments.\n', EXIT_MINUS_1);
	msg.ndm_family = dst.family;
	msg.tb.set(N.NDA_DST, dst.data!);
	if (dev !== null) msg.ndm_ifindex = c.need_dev(dev);
	for (const n of c.talk(msg) as ndmsg_msg[]) print_neigh(c, n, false);
	return 0;
}

/** ip neigh ... */
export function do_ipneigh(c: command): number {
	if (!c.more) return ipneigh_list(c, false);
	const word = c.arg;
	c.i++;
	if (matches(word, 'add')) return ipneigh_modify(c, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL);
	if (matches(word, 'change') || word === 'chg')
		return ipneigh_modify(c, RTM_NEWNEIGH, NLM_F_REPLACE);
	if (matches(word, 'replace'))
		return ipneigh_modify(c, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
	if (matches(word, 'delete')) return ipneigh_modify(c, RTM_DELNEIGH, 0);
	if (matches(word, 'get')) return ipneigh_get(c);
	if (matches(word, 'show') || matches(word, 'lst') || matches(word, 'list'))
		return ipneigh_list(c, false);
	if (matches(word, 'flush')) return ipneigh_list(c, true);
	if (matches(word, 'help')) usage();
	throw new exit_error(`Command "${word}" is unknown, try "ip neigh help".\n`, EXIT_MINUS_1);
}
