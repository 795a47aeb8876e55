// SPDX-License-Identifier: GPL-2.0-only
/*
 * ip rule.
 */
import {
	nla_get_u32,
	nla_get_u8,
	nla_parse_nested,
	nla_strdup,
	type nlattrs,
	NLM_F_CREATE,
	NLM_F_EXCL,
} from '../../../../../include/net/netlink.ts';
import * as F from '../../../../../include/uapi/linux/fib_rules.ts';
import {
	fib_rule_hdr_msg,
	RT_TABLE_MAIN,
	RTM_DELRULE,
	RTM_GETRULE,
	RTM_NEWRULE,
	RTPROT_KERNEL,
} from '../../../../../include/uapi/linux/rtnetlink.ts';
import { RULE_USAGE } from './usage.ts';
import {
	addr_text,
	AF_INET,
	AF_INET6,
	AF_UNSPEC,
	type command,
	exit_error,
	EXIT_MINUS_1,
	get_integer,
	get_prefix,
	get_unsigned,
	invarg,
	matches,
	nla_addr,
	rtnl_dsfield_a2n,
	rtnl_dsfield_n2a,
	rtnl_rtntype_a2n,
	rtnl_rtntype_n2a,
	rtnl_rtprot_a2n,
	rtnl_rtprot_n2a,
	rtnl_rttable_a2n,
	rtnl_rttable_n2a,
} from './utils.ts';

function rule_table(r: fib_rule_hdr_msg): number {
	return nla_get_u32(r.tb, F.FRA_TABLE) ?? r.table;
}

function print_range(c: command, tb: nlattrs, type: number, name: string): void {
	const n = nla_parse_nested(tb, type);
	if (n === null) return;
	const a = nla_get_u32(n, F.FRA_RANGE_START) ?? 0;
	const b = nla_get_u32(n, F.FRA_RANGE_END) ?? 0;
	if (a === b) {
		c.o.put(name, ` ${name} ${a}`, a);
		return;
	}
	c.o.put(`${name}_start`, ` ${name} ${a}`, a);
	c.o.put(`${name}_end`, `-${b}`, b);
}

function print_rule(c: command, r: fib_rule_hdr_msg): void {
	const { o } = c;
	const { tb } = r;
	const host = r.family === AF_INET6 ? 128 : 32;
	o.open();
	const pref = nla_get_u32(tb, F.FRA_PRIORITY) ?? 0;
	o.put('priority', `${pref}:\t`, pref);
	if ((r.rule_flags & F.FIB_RULE_INVERT) !== 0) o.put('not', 'not ', null);
	const src = nla_addr(tb, F.FRA_SRC);
	if (src !== null) {
		o.put('src', `from ${addr_text(src)}`, addr_text(src));
		if (r.src_len !== host) o.put('srclen', `/${r.src_len}`, r.src_len);
	} else if (r.src_len !== 0) {
		o.put('src', 'from 0', '0');
		o.put('srclen', `/${r.src_len}`, r.src_len);
	} else o.put('src', 'from all', 'all');
	const dst = nla_addr(tb, F.FRA_DST);
	if (dst !== null) {
		o.put('dst', ` to ${addr_text(dst)}`, addr_text(dst));
		if (r.dst_len !== host) o.put('dstlen', `/${r.dst_len}`, r.dst_len);
	} else if (r.dst_len !== 0) {
		o.put('dst', ' to 0', '0');
		o.put('dstlen', `/${r.dst_len}`, r.dst_len);
	}
	if (r.tos !== 0) {
		const t = rtnl_dsfield_n2a(r.tos, true);
		o.put('tos', ` tos ${t}`, t);
	}
	if (tb.has(F.FRA_FWMARK) || tb.has(F.FRA_FWMASK)) {
		const mark = nla_get_u32(tb, F.FRA_FWMARK) ?? 0;
		const mask = nla_get_u32(tb, F.FRA_FWMASK);
		o.put('fwmark', ` fwmark 0x${mark.toString(16)}`, `0x${mark.toString(16)}`);
		if (mask !== null && mask !== 0xffffffff)
			o.put('fwmask', `/0x${mask.toString(16)}`, `0x${mask.toString(16)}`);
	}
	const iif = nla_strdup(tb, F.FRA_IIFNAME);
	if (iif !== null) {
		o.put('iif', ` iif ${iif}`, iif);
		if ((r.rule_flags & F.FIB_RULE_IIF_DETACHED) !== 0)
			o.put('iif_detached', ' [detached]', null);
	}
	const oif = nla_strdup(tb, F.FRA_OIFNAME);
	if (oif !== null) {
		o.put('oif', ` oif ${oif}`, oif);
		if ((r.rule_flags & F.FIB_RULE_OIF_DETACHED) !== 0)
			o.put('oif_detached', ' [detached]', null);
	}
	const l3mdev = nla_get_u8(tb, F.FRA_L3MDEV) ?? 0;
	if (l3mdev !== 0) o.put('l3mdev', ' lookup [l3mdev-table]', null);
	const uid = nla_parse_nested(tb, F.FRA_UID_RANGE);
	if (uid !== null) {
		const a = nla_get_u32(uid, F.FRA_RANGE_START) ?? 0;
		const b = nla_get_u32(uid, F.FRA_RANGE_END) ?? 0;
		o.put('uid_start', ` uidrange ${a}`, a);
		o.put('uid_end', `-${b}`, b);
	}
	const proto = nla_get_u8(tb, F.FRA_IP_PROTO);
	if (proto !== null) {
		const name = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'ipv6-icmp' }[proto] ?? `${proto}`;
		o.put('ipproto', ` ipproto ${name}`, name);
	}
	print_range(c, tb, F.FRA_SPORT_RANGE, 'sport');
	print_range(c, tb, F.FRA_DPORT_RANGE, 'dport');
	const table = rule_table(r);
	if (table !== 0) {
		o.put('table', ` lookup ${rtnl_rttable_n2a(table)}`, rtnl_rttable_n2a(table));
		const pl = tb.get(F.FRA_SUPPRESS_PREFIXLEN);
		if (typeof pl === 'number' && (pl | 0) !== -1)
			o.put('suppress_prefixlen', ` suppress_prefixlength ${pl}`, pl);
	}
	if (r.action === F.FR_ACT_GOTO) {
		const target = nla_get_u32(tb, F.FRA_GOTO);
		o.put('goto', target !== null ? ` goto ${target}` : ' goto none', target);
		if ((r.rule_flags & F.FIB_RULE_UNRESOLVED) !== 0) o.put('unresolved', ' [unresolved]', null);
	} else if (r.action === F.FR_ACT_NOP) o.put('nop', ' nop', null);
	else if (r.action !== F.FR_ACT_TO_TBL) {
		const name = rtnl_rtntype_n2a(r.action);
		o.put('action', ` ${name}`, name);
	}
	const rtprot = nla_get_u8(tb, F.FRA_PROTOCOL);
	if (rtprot !== null && ((rtprot !== 0 && rtprot !== RTPROT_KERNEL) || c.s.details > 0)) {
		const name = rtnl_rtprot_n2a(rtprot);
		o.put('protocol', ` proto ${name}`, name);
	}
	o.fp('\n');
	o.close();
}

interface rule_filter {
	pref: number;
	table: number;
	iif: string | null;
	oif: string | null;
	mark: number;
}

function iprule_list(c: command, flush: boolean): number {
	const f: rule_filter = { pref: -1, table: -1, iif: null, oif: null, mark: -1 };
	for (; c.more; c.i++) {
		const word = c.arg;
		if (matches(word, 'preference') || matches(word, 'order') || matches(word, 'priority')) {
			const n = get_unsigned(c.next());
			if (n === null) invarg('preference value is invalid\n', c.arg);
			f.pref = n;
		} else if (matches(word, 'lookup') || matches(word, 'table')) {
			const n = rtnl_rttable_a2n(c.next());
			if (n === null) invarg('table id value is invalid\n', c.arg);
			f.table = n;
		} else if (word === 'dev' || word === 'iif') f.iif = c.next();
		else if (word === 'oif') f.oif = c.next();
		else if (word === 'fwmark') {
			const n = get_unsigned(c.next().split('/')[0]);
			if (n === null) invarg('fwmark value is invalid\n', c.arg);
			f.mark = n;
		} else if (matches(word, 'help')) usage();
		else
			throw new exit_error(
				`"ip rule show" does not take any arguments.\n`,
				1,
			);
	}
	const family = c.s.family === AF_UNSPEC ? AF_INET : c.s.family;
	const msg = new fib_rule_hdr_msg(RTM_GETRULE, 0, new Map());
	msg.family = family;
	const rules = (c.dump(msg, flush ? 'Flush terminated' : 'Dump terminated') as fib_rule_hdr_msg[]).filter(
		(r) => {
			if (f.pref >= 0 && f.pref !== (nla_get_u32(r.tb, F.FRA_PRIORITY) ?? 0)) return false;
			if (f.table >= 0 && f.table !== rule_table(r)) return false;
			if (f.iif !== null && f.iif !== nla_strdup(r.tb, F.FRA_IIFNAME)) return false;
			if (f.oif !== null && f.oif !== nla_strdup(r.tb, F.FRA_OIFNAME)) return false;
			if (f.mark >= 0 && f.mark !== (nla_get_u32(r.tb, F.FRA_FWMARK) ?? 0)) return false;
			return true;
		},
	);
	if (!flush) {
		c.listing = true;
		for (const r of rules) print_rule(c, r);
		return 0;
	}
	for (const r of rules) {
		if (!r.tb.has(F.FRA_PRIORITY)) continue;
		const del = new fib_rule_hdr_msg(RTM_DELRULE, 0, new Map(r.tb));
		del.family = r.family;
		del.dst_len = r.dst_len;
		del.src_len = r.src_len;
		del.tos = r.tos;
		del.table = r.table;
		del.action = r.action;
		del.rule_flags = r.rule_flags;
		c.talk(del);
	}
	return 0;
}

function usage(): never {
	throw new exit_error(RULE_USAGE, EXIT_MINUS_1);
}

function port_range(c: command): nlattrs {
	const m = /^(\d+)(?:-(\d+))?$/.exec(c.next());
	if (m === null) invarg('invalid port range', c.arg);
	return new Map([
		[F.FRA_RANGE_START, Number(m[1])],
		[F.FRA_RANGE_END, Number(m[2] ?? m[1])],
	]);
}

function iprule_modify(c: command, cmd: number): number {
	const add = cmd === RTM_NEWRULE;
	if (!c.more)
		throw new exit_error(`"ip rule ${add ? 'add' : 'del'}" requires arguments.\n`, 1);
	const msg = new fib_rule_hdr_msg(cmd, add ? NLM_F_CREATE | NLM_F_EXCL : 0, new Map());
	const { tb } = msg;
	msg.family = c.s.family;
	if (add) msg.action = F.FR_ACT_TO_TBL;
	let table_ok = false;
	const side = (which: 'src' | 'dst'): void => {
		const a = get_prefix(c.arg, msg.family);
		if (a.bytelen > 0 && a.data !== null) {
			tb.set(which === 'src' ? F.FRA_SRC : F.FRA_DST, a.data);
			if (msg.family === AF_UNSPEC) msg.family = a.family;
		}
		msg[which === 'src' ? 'src_len' : 'dst_len'] = Math.max(0, a.bitlen);
	};
	for (; c.more; c.i++) {
		const word = c.arg;
		if (word === 'not') msg.rule_flags |= F.FIB_RULE_INVERT;
		else if (word === 'from') {
			c.next();
			side('src');
		} else if (word === 'to') {
			c.next();
			side('dst');
		} else if (matches(word, 'preference') || matches(word, 'order') || matches(word, 'priority')) {
			const n = get_unsigned(c.next());
			if (n === null) invarg('preference value is invalid\n', c.arg);
			tb.set(F.FRA_PRIORITY, n);
		} else if (word === 'tos' || matches(word, 'dsfield')) {
			const n = rtnl_dsfield_a2n(c.next());
			if (n === null) invarg('TOS value is invalid\n', c.arg);
			msg.tos = n;
		} else if (word === 'fwmark') {
			const [mark, mask] = c.next().split('/');
			const n = get_unsigned(mark);
			if (n === null) invarg('fwmark value is invalid\n', c.arg);
			tb.set(F.FRA_FWMARK, n);
			if (mask !== undefined) {
				const k = get_unsigned(mask);
				if (k === null) invarg('fwmask value is invalid\n', mask);
				tb.set(F.FRA_FWMASK, k);
			}
		} else if (matches(word, 'protocol')) {
			const n = rtnl_rtprot_a2n(c.next());
			if (n === null) invarg('"protocol" value is invalid\n', c.arg);
			tb.set(F.FRA_PROTOCOL, n);
		} else if (matches(word, 'lookup') || matches(word, 'table')) {
			const n = rtnl_rttable_a2n(c.next());
			if (n === null) invarg('invalid table ID\n', c.arg);
			if (n < 256) msg.table = n;
			else {
				msg.table = 0;
				tb.set(F.FRA_TABLE, n);
			}
			table_ok = true;
		} else if (matches(word, 'suppress_prefixlength') || word === 'sup_pl') {
			const n = get_integer(c.next());
			if (n === null || n < 0) invarg('suppress_prefixlength value is invalid\n', c.arg);
			tb.set(F.FRA_SUPPRESS_PREFIXLEN, n);
		} else if (word === 'dev' || word === 'iif') tb.set(F.FRA_IIFNAME, c.next());
		else if (word === 'oif') tb.set(F.FRA_OIFNAME, c.next());
		else if (word === 'l3mdev') {
			tb.set(F.FRA_L3MDEV, 1);
			table_ok = true;
		} else if (word === 'uidrange') {
			const m = /^(\d+)-(\d+)$/.exec(c.next());
			if (m === null) invarg('invalid UID range\n', c.arg);
			tb.set(
				F.FRA_UID_RANGE,
				new Map([
					[F.FRA_RANGE_START, Number(m[1])],
					[F.FRA_RANGE_END, Number(m[2])],
				]),
			);
		} else if (word === 'ipproto') {
			const arg = c.next();
			const n = { tcp: 6, udp: 17, icmp: 1, 'ipv6-icmp': 58 }[arg] ?? get_unsigned(arg, 255);
			if (n === null) invarg('Invalid "ipproto" value\n', arg);
			tb.set(F.FRA_IP_PROTO, n);
		} else if (word === 'sport') tb.set(F.FRA_SPORT_RANGE, port_range(c));
		else if (word === 'dport') tb.set(F.FRA_DPORT_RANGE, port_range(c));
		else {
			const arg = word === 'type' ? c.next() : word;
			if (matches(arg, 'help')) usage();
			if (matches(arg, 'goto')) {
				msg.action = F.FR_ACT_GOTO;
				const n = get_unsigned(c.next());
				if (n === null) invarg('invalid target\n', c.arg);
				tb.set(F.FRA_GOTO, n);
			} else if (matches(arg, 'nop')) msg.action = F.FR_ACT_NOP;
			else {
				const type = rtnl_rtntype_a2n(arg);
				if (type === null) invarg('Failed to parse rule type', arg);
				msg.action = type;
			}
			table_ok = true;
		}
	}
	if (msg.family === AF_UNSPEC) msg.family = AF_INET;
	if (!table_ok && add) msg.table = RT_TABLE_MAIN;
	c.talk(msg);
	return 0;
}

/** ip rule ... */
export function do_iprule(c: command): number {
	if (!c.more) return iprule_list(c, false);
	const word = c.arg;
	c.i++;
	if (matches(word, 'list') || matches(word, 'lst') || matches(word, 'show'))
		return iprule_list(c, false);
	if (matches(word, 'add')) return iprule_modify(c, RTM_NEWRULE);
	if (matches(word, 'delete')) return iprule_modify(c, RTM_DELRULE);
	if (matches(word, 'flush')) return iprule_list(c, true);
	if (matches(word, 'help')) usage();
	throw new exit_error(`Command "${word}" is unknown, try "ip rule help".\n`, EXIT_MINUS_1);
}
