// SPDX-License-Identifier: GPL-2.0-only
/*
 * ip route.
 */
import {
	nla_get_u32,
	nla_get_u8,
	nla_nested_list,
	nla_parse_nested,
	type nlattrs,
	NLM_F_APPEND,
	NLM_F_CREATE,
	NLM_F_EXCL,
	NLM_F_REPLACE,
} from '../../../../../include/net/netlink.ts';
import * as R from '../../../../../include/uapi/linux/rtnetlink.ts';
import { IFLA_INFO_DATA, IFLA_LINKINFO, IFLA_VRF_TABLE } from '../../../../../include/uapi/linux/if_link.ts';
import { ROUTE_USAGE } from './usage.ts';
import {
	addr_text,
	AF_INET,
	AF_INET6,
	AF_UNSPEC,
	type command,
	exit_error,
	EXIT_MINUS_1,
	get_addr,
	get_prefix,
	get_unsigned,
	type inet_prefix,
	invarg,
	link_kind,
	matches,
	not_here,
	nla_addr,
	rtnl_dsfield_a2n,
	rtnl_dsfield_n2a,
	rtnl_rtntype_a2n,
	rtnl_rtntype_n2a,
	rtnl_rtprot_a2n,
	rtnl_rtprot_n2a,
	rtnl_rtscope_a2n,
	rtnl_rtscope_n2a,
	rtnl_rttable_a2n,
	rtnl_rttable_n2a,
	same_prefix,
} from './utils.ts';

const metric_names = new Map<number, string>([
	[R.RTAX_MTU, 'mtu'],
	[R.RTAX_WINDOW, 'window'],
	[R.RTAX_RTT, 'rtt'],
	[R.RTAX_RTTVAR, 'rttvar'],
	[R.RTAX_SSTHRESH, 'ssthresh'],
	[R.RTAX_CWND, 'cwnd'],
	[R.RTAX_ADVMSS, 'advmss'],
	[R.RTAX_REORDERING, 'reordering'],
	[R.RTAX_HOPLIMIT, 'hoplimit'],
	[R.RTAX_INITCWND, 'initcwnd'],
	[R.RTAX_FEATURES, 'features'],
	[R.RTAX_RTO_MIN, 'rto_min'],
	[R.RTAX_INITRWND, 'initrwnd'],
	[R.RTAX_QUICKACK, 'quickack'],
	[R.RTAX_CC_ALGO, 'congctl'],
	[R.RTAX_FASTOPEN_NO_COOKIE, 'fastopen_no_cookie'],
]);

interface route_filter {
	tb: number;
	cloned: boolean;
	family: number;
	protocol: number;
	scope: number;
	type: number;
	/** Neither local nor broadcast routes. */
	not_local: boolean;
	tos: number;
	oif: number;
	metric: number;
	rdst: inet_prefix | null;
	mdst: inet_prefix | null;
	via: inet_prefix | null;
	src: inet_prefix | null;
}

function new_filter(): route_filter {
	return {
		tb: R.RT_TABLE_MAIN,
		cloned: false,
		family: AF_UNSPEC,
		protocol: -1,
		scope: -1,
		type: -1,
		not_local: false,
		tos: -1,
		oif: 0,
		metric: -1,
		rdst: null,
		mdst: null,
		via: null,
		src: null,
	};
}

function host_len(family: number): number {
	return family === AF_INET6 ? 128 : 32;
}

function family_name(family: number): string {
	return family === AF_INET6 ? 'inet6' : family === AF_INET ? 'inet' : String(family);
}

function route_table(r: R.rtmsg_msg): number {
	return nla_get_u32(r.tb, R.RTA_TABLE) ?? r.rtm_table;
}

function passes(f: route_filter, r: R.rtmsg_msg): boolean {
	const cloned = (r.rtm_flags & R.RTM_F_CLONED) !== 0;
	if (f.cloned !== cloned) return false;
	if (f.tb !== 0 && f.tb !== route_table(r)) return false;
	if (f.protocol >= 0 && f.protocol !== r.rtm_protocol) return false;
	if (f.scope >= 0 && f.scope !== r.rtm_scope) return false;
	if (f.type >= 0 && f.type !== r.rtm_type) return false;
	if (f.not_local && (r.rtm_type === R.RTN_LOCAL || r.rtm_type === R.RTN_BROADCAST)) return false;
	if (f.tos >= 0 && f.tos !== r.rtm_tos) return false;
	if (f.metric >= 0 && f.metric !== (nla_get_u32(r.tb, R.RTA_PRIORITY) ?? 0)) return false;
	const dst =
		nla_addr(r.tb, R.RTA_DST) ?? (r.rtm_family === AF_INET6 ? new Uint8Array(16) : 0);
	if (f.rdst !== null && f.rdst.family !== AF_UNSPEC) {
		if (f.rdst.family !== r.rtm_family || f.rdst.bitlen > r.rtm_dst_len) return false;
		if (!same_prefix(dst, f.rdst.data!, f.rdst.bitlen)) return false;
	} else if (f.rdst !== null && f.rdst.bitlen > r.rtm_dst_len) return false;
	if (f.mdst !== null) {
		if (f.mdst.family !== AF_UNSPEC && f.mdst.family !== r.rtm_family) return false;
		if (f.mdst.bitlen >= 0 && f.mdst.bitlen < r.rtm_dst_len) return false;
		if (f.mdst.family !== AF_UNSPEC && !same_prefix(dst, f.mdst.data!, r.rtm_dst_len))
			return false;
	}
	if (f.via !== null) {
		const gw = nla_addr(r.tb, R.RTA_GATEWAY);
		if (gw === null || f.via.data === null) return false;
		if (!same_prefix(gw, f.via.data, f.via.bitlen < 0 ? host_len(f.via.family) : f.via.bitlen))
			return false;
	}
	if (f.src !== null) {
		const src = nla_addr(r.tb, R.RTA_PREFSRC);
		if (src === null || f.src.data === null) return false;
		if (!same_prefix(src, f.src.data, f.src.bitlen < 0 ? host_len(f.src.family) : f.src.bitlen))
			return false;
	}
	if (f.oif !== 0) {
		const oif = nla_get_u32(r.tb, R.RTA_OIF);
		if (oif !== f.oif) return false;
	}
	return true;
}

function print_flags(c: command, flags: number): void {
	const { o } = c;
	const names: [number, string][] = [
		[R.RTNH_F_DEAD, 'dead'],
		[R.RTNH_F_ONLINK, 'onlink'],
		[R.RTNH_F_PERVASIVE, 'pervasive'],
		[R.RTNH_F_OFFLOAD, 'offload'],
		[R.RTM_F_NOTIFY, 'notify'],
		[R.RTNH_F_LINKDOWN, 'linkdown'],
		[R.RTNH_F_UNRESOLVED, 'unresolved'],
		[R.RTM_F_OFFLOAD, 'rt_offload'],
		[R.RTM_F_TRAP, 'rt_trap'],
	];
	o.open_array('flags');
	for (const [bit, name] of names) if ((flags & bit) !== 0) o.put('', `${name} `, name);
	o.close();
}

function print_gateway(c: command, r: R.rtmsg_msg, tb: nlattrs): void {
	const { o } = c;
	const gw = nla_addr(tb, R.RTA_GATEWAY);
	if (gw !== null) o.put('gateway', `via ${addr_text(gw)} `, addr_text(gw));
	const via = nla_parse_nested(tb, R.RTA_VIA);
	if (via !== null) {
		const family = family_name(nla_get_u32(via, R.RTVIA_FAMILY) ?? 0);
		const host = addr_text(nla_addr(via, R.RTVIA_ADDR));
		o.open('via');
		o.put('family', `via ${family} `, family);
		o.put('host', `${host} `, host);
		o.close();
	}
}

function ci_number(ci: nlattrs, key: number): number {
	const v = ci.get(key);
	return typeof v === 'number' ? v : 0;
}

function print_cacheinfo(c: command, ci: nlattrs): void {
	const { o } = c;
	const expires = ci_number(ci, R.RTA_CACHEINFO_expires);
	if (expires !== 0) {
		const s = Math.trunc(expires / 100);
		o.put('expires', `expires ${s}sec `, s);
	}
	const error = ci_number(ci, R.RTA_CACHEINFO_error);
	if (error !== 0) o.put('error', `error ${error} `, error);
	if (c.s.stats > 0) {
		const ref = ci_number(ci, R.RTA_CACHEINFO_clntref);
		if (ref !== 0) o.put('users', `users ${ref} `, ref);
		const used = ci_number(ci, R.RTA_CACHEINFO_used);
		if (used !== 0) o.put('used', `used ${used} `, used);
		const age = ci_number(ci, R.RTA_CACHEINFO_lastuse);
		if (age !== 0) o.put('age', `age ${Math.trunc(age / 100)}sec `, Math.trunc(age / 100));
	}
}

function print_metrics(c: command, mx: nlattrs): void {
	const { o } = c;
	const lock = nla_get_u32(mx, R.RTAX_LOCK) ?? 0;
	o.open_array('metrics');
	o.open();
	for (let i = 2; i <= R.RTAX_MAX; i++) {
		const v = mx.get(i);
		if (v === undefined) continue;
		const name = metric_names.get(i) ?? `metric ${i}`;
		if (i === R.RTAX_HOPLIMIT && v === 0xffffffff) continue;
		const locked = (lock & (1 << i)) !== 0 ? 'lock ' : '';
		if (typeof v === 'string') o.put(name, `${name} ${locked}${v} `, v);
		else if (typeof v !== 'number') continue;
		else if (i === R.RTAX_FEATURES) {
			const ecn = (v & 1) !== 0 ? 'ecn ' : '';
			o.put(name, `${name} ${locked}${ecn}`, v);
		} else if (i === R.RTAX_RTT || i === R.RTAX_RTTVAR || i === R.RTAX_RTO_MIN) {
			const ms = i === R.RTAX_RTT ? v / 8 : i === R.RTAX_RTTVAR ? v / 4 : v;
			const text = ms >= 1000 ? `${+(ms / 1000).toPrecision(6)}s` : `${ms}ms`;
			o.put(name, `${name} ${locked}${text} `, v);
		} else o.put(name, `${name} ${locked}${v} `, v);
	}
	o.close();
	o.close();
}

function print_multipath(c: command, r: R.rtmsg_msg, list: nlattrs[]): void {
	const { o } = c;
	o.open_array('nexthops');
	for (const nh of list) {
		o.open();
		o.fp(`${o.sl}\tnexthop `);
		print_gateway(c, r, nh);
		const index = nla_get_u32(nh, R.RTNH_IFINDEX) ?? 0;
		if (index !== 0) {
			const name = c.index_to_name(index);
			o.put('dev', `dev ${name} `, name);
		}
		const weight = (nla_get_u32(nh, R.RTNH_HOPS) ?? 0) + 1;
		o.put('weight', `weight ${weight} `, weight);
		print_flags(c, nla_get_u32(nh, R.RTNH_FLAGS) ?? 0);
		o.close();
	}
	o.close();
}

function print_route(c: command, f: route_filter, r: R.rtmsg_msg): void {
	const { o } = c;
	const { tb } = r;
	const details = c.s.details > 0;
	const host = host_len(r.rtm_family);
	o.open();
	if ((r.rtm_type !== R.RTN_UNICAST || details) && f.type < 0) {
		const type = rtnl_rtntype_n2a(r.rtm_type);
		o.put('type', `${type} `, type);
	}
	const dst = nla_addr(tb, R.RTA_DST);
	let text: string;
	if (dst !== null)
		text = r.rtm_dst_len === host ? addr_text(dst) : `${addr_text(dst)}/${r.rtm_dst_len}`;
	else text = r.rtm_dst_len !== 0 ? `0/${r.rtm_dst_len}` : 'default';
	o.put('dst', `${text} `, text);
	const src = nla_addr(tb, R.RTA_SRC);
	if (src !== null) {
		const s = r.rtm_src_len === host ? addr_text(src) : `${addr_text(src)}/${r.rtm_src_len}`;
		o.put('from', `from ${s} `, s);
	} else if (r.rtm_src_len !== 0) o.put('from', `from 0/${r.rtm_src_len} `, `0/${r.rtm_src_len}`);
	if (r.rtm_tos !== 0 && f.tos < 0) {
		const tos = rtnl_dsfield_n2a(r.rtm_tos, true);
		o.put('tos', `tos ${tos} `, tos);
	}
	if (f.via === null) print_gateway(c, r, tb);
	const oif = nla_get_u32(tb, R.RTA_OIF);
	if (oif !== null && f.oif === 0) {
		const name = c.index_to_name(oif);
		o.put('dev', `dev ${name} `, name);
	}
	if ((r.rtm_flags & R.RTM_F_CLONED) === 0) {
		const table = route_table(r);
		if ((table !== R.RT_TABLE_MAIN || details) && f.tb === 0) {
			const name = rtnl_rttable_n2a(table);
			o.put('table', `table ${name} `, name);
		}
		if ((r.rtm_protocol !== R.RTPROT_BOOT || details) && f.protocol < 0) {
			const name = rtnl_rtprot_n2a(r.rtm_protocol);
			o.put('protocol', `proto ${name} `, name);
		}
		if ((r.rtm_scope !== R.RT_SCOPE_UNIVERSE || details) && f.scope < 0) {
			const name = rtnl_rtscope_n2a(r.rtm_scope);
			o.put('scope', `scope ${name} `, name);
		}
	}
	const prefsrc = nla_addr(tb, R.RTA_PREFSRC);
	if (prefsrc !== null && f.src === null)
		o.put('prefsrc', `src ${addr_text(prefsrc)} `, addr_text(prefsrc));
	const metric = nla_get_u32(tb, R.RTA_PRIORITY);
	if (metric !== null && f.metric < 0) o.put('metric', `metric ${metric} `, metric);
	print_flags(c, r.rtm_flags & 0xffff);
	const mark = nla_get_u32(tb, R.RTA_MARK);
	if (mark !== null && mark !== 0) {
		const m = mark >= 16 ? `0x${mark.toString(16)}` : String(mark);
		o.put('mark', `mark ${m} `, mark >= 16 ? m : mark);
	}
	const uid = nla_get_u32(tb, R.RTA_UID);
	if (uid !== null) o.put('uid', `uid ${uid} `, uid);
	if (r.rtm_family === AF_INET && (r.rtm_flags & R.RTM_F_CLONED) !== 0) {
		const flags = (r.rtm_flags & 0xffff0000) >>> 0;
		const names: [number, string][] = [
			[0x80000000, 'local'],
			[0x20000000, 'mc'],
			[0x10000000, 'brd'],
			[0x00020000, 'redirect'],
			[0x00040000, 'redirected'],
		];
		const set = names.filter(([bit]) => (flags & bit) !== 0).map(([, n]) => n);
		o.open_array('cache');
		o.fp(`${o.sl}    cache `);
		for (const n of set) if (o.json) o.put('', null, n);
		if (set.length > 0) o.fp(`<${set.join(',')}> `);
		o.close();
	}
	const ci = nla_parse_nested(tb, R.RTA_CACHEINFO);
	if (ci !== null) print_cacheinfo(c, ci);
	const mx = nla_parse_nested(tb, R.RTA_METRICS);
	if (mx !== null) print_metrics(c, mx);
	const iif = nla_get_u32(tb, R.RTA_IIF);
	if (iif !== null) {
		const name = c.index_to_name(iif);
		o.put('iif', `iif ${name} `, name);
	}
	const pref = nla_get_u8(tb, R.RTA_PREF);
	if (pref !== null) {
		const name = ['medium', 'high', 'unknown', 'low'][pref] ?? String(pref);
		o.put('pref', `pref ${name}`, name);
	}
	const mp = nla_nested_list(tb, R.RTA_MULTIPATH);
	if (mp !== null) print_multipath(c, r, mp);
	o.fp('\n');
	o.close();
}

/** Table of a VRF; exits when it is none. */
function vrf_table(c: command, name: string): number {
	const l = c.link_of(c.name_to_index(name));
	if (l !== null && link_kind(l) === 'vrf') {
		const info = nla_parse_nested(l.tb, IFLA_LINKINFO);
		const data = info === null ? null : nla_parse_nested(info, IFLA_INFO_DATA);
		const table = data === null ? null : nla_get_u32(data, IFLA_VRF_TABLE);
		if (table !== null) return table;
	}
	return invarg('Invalid VRF\n', name);
}

function iproute_list(c: command, action: 'list' | 'flush'): number {
	const f = new_filter();
	let family = c.s.family;
	let dev: string | null = null;
	if (action === 'flush' && !c.more)
		throw new exit_error('"ip route flush" requires arguments.\n', 1);
	for (; c.more; c.i++) {
		const word = c.arg;
		if (matches(word, 'table')) {
			const arg = c.next();
			const tid = rtnl_rttable_a2n(arg);
			if (tid !== null) f.tb = tid;
			else if (arg === 'all') f.tb = 0;
			else if (arg === 'cache') f.cloned = true;
			else invarg('table id value is invalid\n', arg);
		} else if (matches(word, 'vrf')) {
			const arg = c.next();
			f.tb = vrf_table(c, arg);
			f.not_local = true;
		} else if (matches(word, 'cached') || word === 'cloned') f.cloned = true;
		else if (word === 'tos' || matches(word, 'dsfield')) {
			const tos = rtnl_dsfield_a2n(c.next());
			if (tos === null) invarg('TOS value is invalid\n', c.arg);
			f.tos = tos;
		} else if (matches(word, 'protocol')) {
			const arg = c.next();
			const n = rtnl_rtprot_a2n(arg);
			if (n === null) {
				if (arg !== 'all') invarg('invalid "protocol"\n', arg);
				f.protocol = -1;
			} else f.protocol = n;
		} else if (matches(word, 'scope')) {
			const arg = c.next();
			const n = rtnl_rtscope_a2n(arg);
			if (n === null) {
				if (arg !== 'all') invarg('invalid "scope"\n', arg);
				f.scope = -1;
			} else f.scope = n;
		} else if (matches(word, 'type')) {
			const n = rtnl_rtntype_a2n(c.next());
			if (n === null) invarg('node type value is invalid\n', c.arg);
			f.type = n;
		} else if (word === 'dev' || word === 'oif' || word === 'iif') dev = c.next();
		else if (word === 'via') {
			let arg = c.next();
			if (arg === 'inet' || arg === 'inet6') arg = c.next();
			f.via = get_prefix(arg, family);
		} else if (word === 'src') f.src = get_prefix(c.next(), family);
		else if (matches(word, 'metric')) {
			const n = get_unsigned(c.next());
			if (n === null) invarg('"metric" value is invalid\n', c.arg);
			f.metric = n;
		} else {
			let what = word;
			if (what === 'to') what = c.next();
			if (matches(what, 'root')) f.rdst = get_prefix(c.next(), family);
			else if (matches(what, 'match')) f.mdst = get_prefix(c.next(), family);
			else {
				if (matches(what, 'exact')) what = c.next();
				else if (matches(what, 'help')) usage();
				f.rdst = get_prefix(what, family);
				f.mdst = f.rdst;
			}
			const fam = (f.mdst ?? f.rdst)!.family;
			if (family === AF_UNSPEC && fam !== AF_UNSPEC) family = fam;
		}
	}
	if (dev !== null) f.oif = c.need_dev(dev);
	if (family === AF_UNSPEC && f.tb !== 0) family = AF_INET;
	if (action === 'flush' && f.cloned) {
		if (family !== AF_INET6) {
			c.net.sysctls.get('net/ipv4/route/flush')?.store('-1');
			if (c.s.stats > 0) c.o.fp('*** IPv4 routing cache is flushed.\n');
		}
		if (family === AF_INET) return 0;
	}
	const max_rounds = 10;
	for (let round = 0; ; round++) {
		const msg = new R.rtmsg_msg(R.RTM_GETROUTE, 0, new Map());
		msg.rtm_family = family;
		if (f.cloned) msg.rtm_flags |= R.RTM_F_CLONED;
		if (f.tb !== 0 && !f.cloned) msg.tb.set(R.RTA_TABLE, f.tb);
		if (f.oif !== 0) msg.tb.set(R.RTA_OIF, f.oif);
		if (f.protocol >= 0) msg.rtm_protocol = f.protocol;
		if (f.type >= 0) msg.rtm_type = f.type;
		const list = c.dump(
			msg,
			action === 'flush' ? 'Flush terminated' : 'Dump terminated',
			2,
		) as R.rtmsg_msg[];
		const hit = list.filter((r) => passes(f, r));
		if (action === 'list') {
			c.listing = true;
			for (const r of hit) print_route(c, f, r);
			return 0;
		}
		if (hit.length === 0) return 0;
		if (round >= max_rounds)
			throw new exit_error(
				`*** Flush not completed bailing out after ${max_rounds} rounds\n`,
				1,
			);
		for (const r of hit) {
			const del = new R.rtmsg_msg(R.RTM_DELROUTE, 0, new Map(r.tb));
			del.rtm_family = r.rtm_family;
			del.rtm_dst_len = r.rtm_dst_len;
			del.rtm_src_len = r.rtm_src_len;
			del.rtm_tos = r.rtm_tos;
			del.rtm_table = r.rtm_table;
			del.rtm_protocol = r.rtm_protocol;
			del.rtm_scope = r.rtm_scope;
			del.rtm_type = r.rtm_type;
			del.rtm_flags = r.rtm_flags;
			c.talk(del);
		}
	}
}

function usage(): never {
	throw new exit_error(ROUTE_USAGE, EXIT_MINUS_1);
}

/** Reads `via [family] ADDRESS` into an attribute list. */
function parse_via(c: command, r: R.rtmsg_msg, tb: nlattrs): void {
	let arg = c.next();
	let family = r.rtm_family;
	if (arg === 'inet' || arg === 'inet6') {
		family = arg === 'inet' ? AF_INET : AF_INET6;
		arg = c.next();
	} else if (family === AF_INET && arg.includes(':')) family = AF_INET6;
	const a = get_addr(arg, family);
	if (r.rtm_family === AF_UNSPEC) r.rtm_family = a.family;
	if (a.data === null) return;
	if (r.rtm_family === a.family) tb.set(R.RTA_GATEWAY, a.data);
	else
		tb.set(
			R.RTA_VIA,
			new Map<number, number | Uint8Array>([
				[R.RTVIA_FAMILY, a.family],
				[R.RTVIA_ADDR, a.data],
			]),
		);
}

function parse_nexthops(c: command, r: R.rtmsg_msg): nlattrs[] {
	const list: nlattrs[] = [];
	while (c.more) {
		const head: string = c.arg;
		if (head !== 'nexthop')
			throw new exit_error(
				`Error: "nexthop" or end of line is expected instead of "${head}"\n`,
				EXIT_MINUS_1,
			);
		if (c.i + 1 >= c.argv.length)
			throw new exit_error('Error: unexpected end of line after "nexthop"\n', EXIT_MINUS_1);
		c.i++;
		const nh: nlattrs = new Map([
			[R.RTNH_FLAGS, 0],
			[R.RTNH_HOPS, 0],
			[R.RTNH_IFINDEX, 0],
		]);
		for (; c.more; c.i++) {
			const word: string = c.arg;
			if (word === 'via') parse_via(c, r, nh);
			else if (word === 'dev') nh.set(R.RTNH_IFINDEX, c.need_dev(c.next()));
			else if (word === 'weight') {
				const w = get_unsigned(c.next());
				if (w === null || w === 0 || w > 256) invarg('"weight" is invalid\n', c.arg);
				nh.set(R.RTNH_HOPS, w - 1);
			} else if (word === 'onlink') nh.set(R.RTNH_FLAGS, R.RTNH_F_ONLINK);
			else break;
		}
		list.push(nh);
	}
	return list;
}

function iproute_modify(c: command, cmd: number, flags: number): number {
	const msg = new R.rtmsg_msg(cmd, flags, new Map());
	const { tb } = msg;
	msg.rtm_family = c.s.family;
	msg.rtm_table = R.RT_TABLE_MAIN;
	msg.rtm_scope = R.RT_SCOPE_NOWHERE;
	if (cmd !== R.RTM_DELROUTE) {
		msg.rtm_protocol = R.RTPROT_BOOT;
		msg.rtm_scope = R.RT_SCOPE_UNIVERSE;
		msg.rtm_type = R.RTN_UNICAST;
	}
	const mx: nlattrs = new Map();
	let mxlock = 0;
	let dst_ok = false;
	let gw_ok = false;
	let nhs: nlattrs[] | null = null;
	let scope_ok = false;
	let table_ok = false;
	let type_ok = false;
	let dev: string | null = null;

	const table = (tid: number): void => {
		if (tid < 256) msg.rtm_table = tid;
		else {
			msg.rtm_table = R.RT_TABLE_UNSPEC;
			tb.set(R.RTA_TABLE, tid);
		}
		table_ok = true;
	};
	const metric = (attr: number, name: string, max = 0xffffffff): void => {
		let arg = c.next();
		if (arg === 'lock') {
			mxlock |= 1 << attr;
			arg = c.next();
		}
		const n = get_unsigned(arg, max);
		if (n === null) invarg(`"${name}" value is invalid\n`, arg);
		mx.set(attr, n);
	};
	const time = (attr: number, name: string, unit: number): void => {
		let arg = c.next();
		if (arg === 'lock') {
			mxlock |= 1 << attr;
			arg = c.next();
		}
		const m = /^(\d+(?:\.\d+)?)(s|ms)?$/.exec(arg);
		if (m === null) invarg(`"${name}" value is invalid\n`, arg);
		const ms = Number(m[1]) * (m[2] === 's' ? 1000 : 1);
		mx.set(attr, Math.round(m[2] === undefined ? Number(m[1]) : ms * unit));
	};

	for (; c.more; c.i++) {
		const word = c.arg;
		if (word === 'src') {
			const a = get_addr(c.next(), msg.rtm_family);
			if (msg.rtm_family === AF_UNSPEC) msg.rtm_family = a.family;
			if (a.data !== null) tb.set(R.RTA_PREFSRC, a.data);
		} else if (word === 'via') {
			gw_ok = true;
			parse_via(c, msg, tb);
		} else if (word === 'from') {
			const a = get_prefix(c.next(), msg.rtm_family);
			if (msg.rtm_family === AF_UNSPEC) msg.rtm_family = a.family;
			if (a.data !== null && a.bytelen > 0) tb.set(R.RTA_SRC, a.data);
			msg.rtm_src_len = a.bitlen;
		} else if (word === 'tos' || matches(word, 'dsfield')) {
			const tos = rtnl_dsfield_a2n(c.next());
			if (tos === null) invarg('"tos" value is invalid\n', c.arg);
			msg.rtm_tos = tos;
		} else if (word === 'expires') {
			const n = get_unsigned(c.next());
			if (n === null) invarg('"expires" value is invalid\n', c.arg);
			tb.set(R.RTA_EXPIRES, n);
		} else if (matches(word, 'metric') || matches(word, 'priority') || word === 'preference') {
			const n = get_unsigned(c.next());
			if (n === null) invarg('"metric" value is invalid\n', c.arg);
			tb.set(R.RTA_PRIORITY, n);
		} else if (word === 'scope') {
			const n = rtnl_rtscope_a2n(c.next());
			if (n === null) invarg('invalid "scope" value\n', c.arg);
			msg.rtm_scope = n;
			scope_ok = true;
		} else if (word === 'mtu') metric(R.RTAX_MTU, 'mtu');
		else if (word === 'hoplimit') metric(R.RTAX_HOPLIMIT, 'hoplimit', 255);
		else if (word === 'advmss') metric(R.RTAX_ADVMSS, 'mss');
		else if (matches(word, 'reordering')) metric(R.RTAX_REORDERING, 'reordering');
		else if (word === 'rtt') time(R.RTAX_RTT, 'rtt', 8);
		else if (word === 'rto_min') {
			mxlock |= 1 << R.RTAX_RTO_MIN;
			time(R.RTAX_RTO_MIN, 'rto_min', 1);
		} else if (matches(word, 'window')) metric(R.RTAX_WINDOW, 'window');
		else if (matches(word, 'cwnd')) metric(R.RTAX_CWND, 'cwnd');
		else if (matches(word, 'initcwnd')) metric(R.RTAX_INITCWND, 'initcwnd');
		else if (matches(word, 'initrwnd')) metric(R.RTAX_INITRWND, 'initrwnd');
		else if (matches(word, 'features')) {
			let features = 0;
			while (c.after === 'ecn') {
				c.i++;
				features |= R.RTAX_FEATURE_ECN;
			}
			if (features === 0) invarg('"features" value not valid\n', c.next());
			mx.set(R.RTAX_FEATURES, features);
		} else if (matches(word, 'quickack')) metric(R.RTAX_QUICKACK, 'quickack', 1);
		else if (matches(word, 'congctl')) {
			let arg = c.next();
			if (arg === 'lock') {
				mxlock |= 1 << R.RTAX_CC_ALGO;
				arg = c.next();
			}
			mx.set(R.RTAX_CC_ALGO, arg);
		} else if (matches(word, 'rttvar')) time(R.RTAX_RTTVAR, 'rttvar', 4);
		else if (matches(word, 'ssthresh')) metric(R.RTAX_SSTHRESH, 'ssthresh');
		else if (word === 'onlink') msg.rtm_flags |= R.RTNH_F_ONLINK;
		else if (word === 'nexthop') {
			nhs = parse_nexthops(c, msg);
			break;
		} else if (matches(word, 'protocol')) {
			const n = rtnl_rtprot_a2n(c.next());
			if (n === null) invarg('"protocol" value is invalid\n', c.arg);
			msg.rtm_protocol = n;
		} else if (matches(word, 'table')) {
			const n = rtnl_rttable_a2n(c.next());
			if (n === null) invarg('"table" value is invalid\n', c.arg);
			table(n);
		} else if (matches(word, 'vrf')) table(vrf_table(c, c.next()));
		else if (word === 'dev' || word === 'oif') dev = c.next();
		else if (matches(word, 'pref')) {
			const arg = c.next();
			const pref = { low: 3, medium: 0, high: 1 }[arg];
			const n = pref ?? get_unsigned(arg, 255);
			if (n === null) invarg('"pref" value is invalid\n', arg);
			tb.set(R.RTA_PREF, n);
		} else if (word === 'ttl-propagate') {
			c.next();
		} else if (/^(?:nhid|encap|realms|as|classid|flowid|fastopen_no_cookie)$/.test(word)) not_here(c, 'ip route');
		else {
			if (word === 'to') c.next();
			const type = rtnl_rtntype_a2n(c.arg);
			if (type !== null && !type_ok && !/[.:]/.test(c.arg)) {
				const next = c.next();
				if (next !== undefined) {
					msg.rtm_type = type;
					type_ok = true;
				}
			}
			if (matches(c.arg, 'help')) usage();
			if (dst_ok)
				throw new exit_error(
					`Error: either "to" is duplicate, or "${c.arg}" is a garbage.\n`,
					EXIT_MINUS_1,
				);
			const a = get_prefix(c.arg, msg.rtm_family);
			if (msg.rtm_family === AF_UNSPEC) msg.rtm_family = a.family;
			msg.rtm_dst_len = Math.max(0, a.bitlen);
			dst_ok = true;
			if (a.bytelen > 0 && a.data !== null) tb.set(R.RTA_DST, a.data);
		}
	}
	if (!dst_ok) usage();
	if (dev !== null) tb.set(R.RTA_OIF, c.need_dev(dev));
	if (mx.size > 0 || mxlock !== 0) {
		if (mxlock !== 0) mx.set(R.RTAX_LOCK, mxlock);
		tb.set(R.RTA_METRICS, mx);
	}
	if (nhs !== null) tb.set(R.RTA_MULTIPATH, nhs);
	const type = msg.rtm_type;
	if (!table_ok && [R.RTN_LOCAL, R.RTN_BROADCAST, R.RTN_NAT, R.RTN_ANYCAST].includes(type))
		msg.rtm_table = R.RT_TABLE_LOCAL;
	if (!scope_ok) {
		if (msg.rtm_family === AF_INET6) msg.rtm_scope = R.RT_SCOPE_UNIVERSE;
		else if (type === R.RTN_LOCAL || type === R.RTN_NAT) msg.rtm_scope = R.RT_SCOPE_HOST;
		else if ([R.RTN_BROADCAST, R.RTN_MULTICAST, R.RTN_ANYCAST].includes(type))
			msg.rtm_scope = R.RT_SCOPE_LINK;
		else if (type === R.RTN_UNICAST || type === R.RTN_UNSPEC) {
			if (cmd === R.RTM_DELROUTE) msg.rtm_scope = R.RT_SCOPE_NOWHERE;
			else if (!gw_ok && nhs === null) msg.rtm_scope = R.RT_SCOPE_LINK;
		}
	}
	if (msg.rtm_family === AF_UNSPEC) msg.rtm_family = AF_INET;
	c.talk(msg);
	return 0;
}

function iproute_get(c: command): number {
	const msg = new R.rtmsg_msg(R.RTM_GETROUTE, 0, new Map());
	const { tb } = msg;
	msg.rtm_family = c.s.family;
	let idev: string | null = null;
	let odev: string | null = null;
	let from_ok = false;
	let fib_match = false;
	let dst_ok = false;
	for (; c.more; c.i++) {
		const word = c.arg;
		if (word === 'tos' || matches(word, 'dsfield')) {
			const tos = rtnl_dsfield_a2n(c.next());
			if (tos === null) invarg('TOS value is invalid\n', c.arg);
			msg.rtm_tos = tos;
		} else if (matches(word, 'iif')) idev = c.next();
		else if (matches(word, 'mark')) {
			const n = get_unsigned(c.next());
			if (n === null) invarg('invalid mark value\n', c.arg);
			tb.set(R.RTA_MARK, n);
		} else if (matches(word, 'oif') || word === 'dev') odev = c.next();
		else if (matches(word, 'notify')) msg.rtm_flags |= R.RTM_F_NOTIFY;
		else if (matches(word, 'connected')) {
			/* asks again with the answer's source */
		} else if (matches(word, 'vrf')) odev = c.next();
		else if (matches(word, 'uid')) {
			const n = get_unsigned(c.next());
			if (n === null) invarg('invalid UID\n', c.arg);
			tb.set(R.RTA_UID, n);
		} else if (matches(word, 'fibmatch')) fib_match = true;
		else if (word === 'ipproto') {
			const arg = c.next();
			const n = { tcp: 6, udp: 17, icmp: 1 }[arg] ?? get_unsigned(arg, 255);
			if (n === null) invarg('Invalid "ipproto" value\n', arg);
			tb.set(R.RTA_IP_PROTO, n);
		} else if (word === 'sport' || word === 'dport') {
			const n = get_unsigned(c.next(), 65535);
			if (n === null) invarg(`invalid ${word}\n`, c.arg);
			tb.set(word === 'sport' ? R.RTA_SPORT : R.RTA_DPORT, n);
		} else if (matches(word, 'from')) {
			const a = get_prefix(c.next(), msg.rtm_family);
			if (msg.rtm_family === AF_UNSPEC) msg.rtm_family = a.family;
			if (a.bytelen > 0 && a.data !== null) tb.set(R.RTA_SRC, a.data);
			msg.rtm_src_len = a.bitlen;
			from_ok = true;
		} else {
			if (word === 'to') c.next();
			if (matches(c.arg, 'help')) usage();
			const a = get_prefix(c.arg, msg.rtm_family);
			if (msg.rtm_family === AF_UNSPEC) msg.rtm_family = a.family;
			if (a.bytelen > 0 && a.data !== null) tb.set(R.RTA_DST, a.data);
			if (a.family === AF_INET && a.bitlen !== 32)
				c.p.eprint(
					'Warning: /32 as prefix is invalid, only /32 (or none) is supported.\n'.replace(
						'/32 as',
						`/${a.bitlen} as`,
					),
				);
			msg.rtm_dst_len = host_len(a.family);
			dst_ok = true;
		}
	}
	if (!dst_ok) throw new exit_error('need at least a destination address\n', 1);
	if (idev !== null) tb.set(R.RTA_IIF, c.need_dev(idev));
	if (odev !== null) tb.set(R.RTA_OIF, c.need_dev(odev));
	if (msg.rtm_family === AF_UNSPEC) msg.rtm_family = AF_INET;
	/* only IPv4 asks for the table of the answer */
	if (msg.rtm_family === AF_INET) msg.rtm_flags |= R.RTM_F_LOOKUP_TABLE;
	if (fib_match) msg.rtm_flags |= R.RTM_F_FIB_MATCH;
	if (from_ok && idev === null) {
		/* allowed: a local source */
	}
	const f = new_filter();
	f.tb = 0;
	const reply = c.talk(msg) as R.rtmsg_msg[];
	for (const r of reply) {
		const cloned = (r.rtm_flags & R.RTM_F_CLONED) !== 0;
		f.tb = cloned || route_table(r) === R.RT_TABLE_MAIN ? 1 : 0;
		print_route(c, f, r);
	}
	return 0;
}

/** ip route ... */
export function do_iproute(c: command): number {
	if (!c.more) return iproute_list(c, 'list');
	const word = c.arg;
	c.i++;
	if (matches(word, 'list') || matches(word, 'show') || matches(word, 'lst'))
		return iproute_list(c, 'list');
	if (matches(word, 'get')) return iproute_get(c);
	if (matches(word, 'add')) return iproute_modify(c, R.RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
	if (matches(word, 'change') || word === 'chg')
		return iproute_modify(c, R.RTM_NEWROUTE, NLM_F_REPLACE);
	if (matches(word, 'replace'))
		return iproute_modify(c, R.RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
	if (matches(word, 'prepend')) return iproute_modify(c, R.RTM_NEWROUTE, NLM_F_CREATE);
	if (matches(word, 'append'))
		return iproute_modify(c, R.RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND);
	if (matches(word, 'test')) return iproute_modify(c, R.RTM_NEWROUTE, NLM_F_EXCL);
	if (matches(word, 'delete')) return iproute_modify(c, R.RTM_DELROUTE, 0);
	if (matches(word, 'flush')) return iproute_list(c, 'flush');
	if (matches(word, 'help')) usage();
	throw new exit_error(`Command "${word}" is unknown, try "ip route help".\n`, EXIT_MINUS_1);
}

