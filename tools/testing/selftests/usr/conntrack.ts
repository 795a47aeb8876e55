// SPDX-License-Identifier: GPL-2.0-only
/*
 * conntrack of conntrack-tools 1.4.7: -L -G -D -F -C -S -I, filters by address, port, protocol, zone, mark,
 * status and NAT. Not here: expectations, events, labels, XML.
 */
import {
	nfnl_msg,
	nla_data,
	nla_get_u16,
	nla_get_u32,
	nla_get_u64,
	nla_get_u8,
	nla_nest_start,
	nla_parse_nested,
	type nlattr_value,
	type nlattrs,
	netlink_ext_ack,
	NLM_F_CREATE,
	NLM_F_EXCL,
	NLM_F_REQUEST,
} from '../../../../include/net/netlink.ts';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../../../../include/linux/socket.ts';
import { NFNL_SUBSYS_CTNETLINK } from '../../../../include/uapi/linux/netfilter/nfnetlink.ts';
import {
	IPS_ASSURED,
	IPS_DST_NAT,
	IPS_HW_OFFLOAD,
	IPS_OFFLOAD,
	IPS_SEEN_REPLY,
	IPS_SRC_NAT,
} from '../../../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import * as C from '../../../../include/uapi/linux/netfilter/nfnetlink_conntrack.ts';
import { nfnetlink_rcv_dump, nfnetlink_rcv_msg } from '../../../../net/netfilter/nfnetlink.ts';
import { ntop4, ntop6, pton4, pton6 } from '../lib/address.ts';
import type { process, Task } from '../lib/process.ts';
import { EEXIST, EINVAL, ENOENT } from '../../../../include/uapi/linux/errno.ts';
import { strerror } from '../lib/strerror.ts';
import { getopt } from './getopt.ts';

const HEAD = 'conntrack v1.4.7 (conntrack-tools)';
const TRY = "Try `conntrack -h' or 'conntrack --help' for more information.\n";
const TCP_STATES = [
	'NONE',
	'SYN_SENT',
	'SYN_RECV',
	'ESTABLISHED',
	'FIN_WAIT',
	'CLOSE_WAIT',
	'LAST_ACK',
	'TIME_WAIT',
	'CLOSE',
	'LISTEN',
];
const PROTOS = new Map<number, string>([
	[1, 'icmp'],
	[6, 'tcp'],
	[17, 'udp'],
	[33, 'dccp'],
	[47, 'gre'],
	[58, 'icmpv6'],
	[132, 'sctp'],
	[136, 'udplite'],
]);

class usage_error extends Error {}

interface tuple {
	src: string;
	dst: string;
	proto: number;
	sport: number;
	dport: number;
	type: number;
	code: number;
	id: number;
	zone: number;
}

interface entry {
	msg: nfnl_msg;
	family: number;
	orig: tuple;
	reply: tuple;
	status: number;
}

function address(ip: nlattrs, v4: number, v6: number): string {
	const a = nla_get_u32(ip, v4);
	if (a !== null) return ntop4(a);
	const b = nla_data(ip, v6);
	return b === null ? '' : ntop6(b);
}

function read_tuple(tb: nlattrs, type: number): tuple {
	const t = nla_parse_nested(tb, type) ?? new Map<number, nlattr_value>();
	const ip = nla_parse_nested(t, C.CTA_TUPLE_IP) ?? new Map<number, nlattr_value>();
	const pr = nla_parse_nested(t, C.CTA_TUPLE_PROTO) ?? new Map<number, nlattr_value>();
	const v6 = pr.has(C.CTA_PROTO_ICMPV6_TYPE);
	return {
		src: address(ip, C.CTA_IP_V4_SRC, C.CTA_IP_V6_SRC),
		dst: address(ip, C.CTA_IP_V4_DST, C.CTA_IP_V6_DST),
		proto: nla_get_u8(pr, C.CTA_PROTO_NUM) ?? 0,
		sport: nla_get_u16(pr, C.CTA_PROTO_SRC_PORT) ?? -1,
		dport: nla_get_u16(pr, C.CTA_PROTO_DST_PORT) ?? -1,
		type: nla_get_u8(pr, v6 ? C.CTA_PROTO_ICMPV6_TYPE : C.CTA_PROTO_ICMP_TYPE) ?? -1,
		code: nla_get_u8(pr, v6 ? C.CTA_PROTO_ICMPV6_CODE : C.CTA_PROTO_ICMP_CODE) ?? -1,
		id: nla_get_u16(pr, v6 ? C.CTA_PROTO_ICMPV6_ID : C.CTA_PROTO_ICMP_ID) ?? -1,
		zone: nla_get_u16(t, C.CTA_TUPLE_ZONE) ?? 0,
	};
}

function read_entry(msg: nfnl_msg): entry {
	return {
		msg,
		family: msg.nfgen_family,
		orig: read_tuple(msg.tb, C.CTA_TUPLE_ORIG),
		reply: read_tuple(msg.tb, C.CTA_TUPLE_REPLY),
		status: nla_get_u32(msg.tb, C.CTA_STATUS) ?? 0,
	};
}

function tuple_text(t: tuple): string {
	let s = `src=${t.src} dst=${t.dst} `;
	if (t.sport >= 0) s += `sport=${t.sport} dport=${t.dport} `;
	if (t.type >= 0) s += `type=${t.type} code=${t.code} id=${t.id} `;
	return s;
}

function counters_text(tb: nlattrs, type: number): string {
	const c = nla_parse_nested(tb, type);
	if (c === null) return '';
	return `packets=${nla_get_u64(c, C.CTA_COUNTERS_PACKETS) ?? 0} bytes=${nla_get_u64(c, C.CTA_COUNTERS_BYTES) ?? 0} `;
}

function entry_text(e: entry, extended: boolean, with_id: boolean): string {
	const { tb } = e.msg;
	let s = '';
	if (extended) s += e.family === AF_INET6 ? 'ipv6     10 ' : 'ipv4     2 ';
	s += `${(PROTOS.get(e.orig.proto) ?? 'unknown').padEnd(8)} ${e.orig.proto} `;
	const timeout = nla_get_u32(tb, C.CTA_TIMEOUT);
	if (timeout !== null) s += `${timeout} `;
	const info = nla_parse_nested(tb, C.CTA_PROTOINFO);
	const tcp = info === null ? null : nla_parse_nested(info, C.CTA_PROTOINFO_TCP);
	const state = tcp === null ? null : nla_get_u8(tcp, C.CTA_PROTOINFO_TCP_STATE);
	if (state !== null) s += `${TCP_STATES[state] ?? 'NONE'} `;
	s += tuple_text(e.orig);
	if (e.orig.zone !== 0) s += `zone-orig=${e.orig.zone} `;
	s += counters_text(tb, C.CTA_COUNTERS_ORIG);
	if ((e.status & IPS_SEEN_REPLY) === 0) s += '[UNREPLIED] ';
	s += tuple_text(e.reply);
	if (e.reply.zone !== 0) s += `zone-reply=${e.reply.zone} `;
	s += counters_text(tb, C.CTA_COUNTERS_REPLY);
	if ((e.status & IPS_HW_OFFLOAD) !== 0) s += '[HW_OFFLOAD] ';
	else if ((e.status & IPS_OFFLOAD) !== 0) s += '[OFFLOAD] ';
	else if ((e.status & IPS_ASSURED) !== 0) s += '[ASSURED] ';
	const mark = nla_get_u32(tb, C.CTA_MARK);
	if (mark !== null) s += `mark=${mark} `;
	const zone = nla_get_u16(tb, C.CTA_ZONE);
	if (zone !== null && zone !== 0) s += `zone=${zone} `;
	const use = nla_get_u32(tb, C.CTA_USE);
	if (use !== null) s += `use=${use} `;
	const id = nla_get_u32(tb, C.CTA_ID);
	if (with_id && id !== null) s += `id=${id} `;
	return s.trimEnd();
}

interface filter {
	family: number;
	proto: number;
	src: string | null;
	dst: string | null;
	rsrc: string | null;
	rdst: string | null;
	sport: number;
	dport: number;
	rsport: number;
	rdport: number;
	mark: number;
	mark_mask: number;
	zone: number;
	status: number;
	status_unset: number;
	state: number;
	src_nat: boolean;
	dst_nat: boolean;
	any_nat: boolean;
	icmp_type: number;
	icmp_code: number;
	icmp_id: number;
}

function passes(f: filter, e: entry): boolean {
	const { tb } = e.msg;
	const differs = (want: string | null, is: string): boolean => want !== null && want !== is;
	const off = (want: number, is: number): boolean => want >= 0 && want !== is;
	if (f.family !== AF_UNSPEC && f.family !== e.family) return false;
	if (off(f.proto, e.orig.proto)) return false;
	if (differs(f.src, e.orig.src) || differs(f.dst, e.orig.dst)) return false;
	if (differs(f.rsrc, e.reply.src) || differs(f.rdst, e.reply.dst)) return false;
	if (off(f.sport, e.orig.sport) || off(f.dport, e.orig.dport)) return false;
	if (off(f.rsport, e.reply.sport) || off(f.rdport, e.reply.dport)) return false;
	if (off(f.icmp_type, e.orig.type) || off(f.icmp_code, e.orig.code) || off(f.icmp_id, e.orig.id))
		return false;
	if (f.mark >= 0 && ((nla_get_u32(tb, C.CTA_MARK) ?? 0) & f.mark_mask) >>> 0 !== f.mark)
		return false;
	if (f.zone >= 0 && f.zone !== (nla_get_u16(tb, C.CTA_ZONE) ?? 0)) return false;
	if ((e.status & f.status) !== f.status) return false;
	if ((e.status & f.status_unset) !== 0) return false;
	if (f.state >= 0) {
		const info = nla_parse_nested(tb, C.CTA_PROTOINFO);
		const tcp = info === null ? null : nla_parse_nested(info, C.CTA_PROTOINFO_TCP);
		if (tcp === null || nla_get_u8(tcp, C.CTA_PROTOINFO_TCP_STATE) !== f.state) return false;
	}
	const s = (e.status & IPS_SRC_NAT) !== 0;
	const d = (e.status & IPS_DST_NAT) !== 0;
	if (f.src_nat && !s) return false;
	if (f.dst_nat && !d) return false;
	return !f.any_nat || s || d;
}

const message = (cmd: number, flags: number, family = AF_UNSPEC): nfnl_msg =>
	new nfnl_msg((NFNL_SUBSYS_CTNETLINK << 8) | cmd, NLM_F_REQUEST | flags, family);

/* What the tool says of an error of a creation or deletion. */
function err2str(err: number): string {
	if (err === -EEXIST) return 'Such conntrack exists, try -U to update';
	if (err === -ENOENT) return "such conntrack doesn't exist";
	if (err === -EINVAL) return 'invalid parameters';
	return strerror(err);
}

function list(p: process, f: filter): entry[] {
	const r = nfnetlink_rcv_dump(p.netns, message(C.IPCTNL_MSG_CT_GET, 0, f.family));
	if (typeof r === 'number') throw new usage_error(`Operation failed: ${strerror(r)}\n`);
	return r.map(read_entry).filter((e) => passes(f, e));
}

function port(s: string): number {
	const n = Number(s);
	if (!/^\d+$/.test(s) || n > 65535) throw new usage_error(`Invalid port \`${s}'\n${TRY}`);
	return n;
}

function ip(s: string): string {
	const v4 = pton4(s);
	if (v4 !== null) return ntop4(v4);
	const v6 = pton6(s);
	if (v6 !== null) return ntop6(v6);
	throw new usage_error(`Invalid IP address \`${s}'\n${TRY}`);
}

function put_tuple(tb: nlattrs, type: number, t: tuple): void {
	const n = nla_nest_start(tb, type);
	const addr = nla_nest_start(n, C.CTA_TUPLE_IP);
	const v4 = pton4(t.src);
	if (v4 !== null) {
		addr.set(C.CTA_IP_V4_SRC, v4);
		addr.set(C.CTA_IP_V4_DST, pton4(t.dst) ?? 0);
	} else {
		addr.set(C.CTA_IP_V6_SRC, pton6(t.src) ?? new Uint8Array(16));
		addr.set(C.CTA_IP_V6_DST, pton6(t.dst) ?? new Uint8Array(16));
	}
	const pr = nla_nest_start(n, C.CTA_TUPLE_PROTO);
	pr.set(C.CTA_PROTO_NUM, t.proto);
	if (t.sport >= 0) {
		pr.set(C.CTA_PROTO_SRC_PORT, t.sport);
		pr.set(C.CTA_PROTO_DST_PORT, t.dport);
	}
	if (t.type >= 0) {
		const six = t.proto === 58;
		pr.set(six ? C.CTA_PROTO_ICMPV6_TYPE : C.CTA_PROTO_ICMP_TYPE, t.type);
		pr.set(six ? C.CTA_PROTO_ICMPV6_CODE : C.CTA_PROTO_ICMP_CODE, t.code);
		pr.set(six ? C.CTA_PROTO_ICMPV6_ID : C.CTA_PROTO_ICMP_ID, t.id);
	}
}

const STATUS = new Map<string, [number, number]>([
	['ASSURED', [IPS_ASSURED, 0]],
	['SEEN_REPLY', [IPS_SEEN_REPLY, 0]],
	['UNSET', [0, IPS_ASSURED | IPS_SEEN_REPLY]],
	['OFFLOAD', [IPS_OFFLOAD, 0]],
	['HW_OFFLOAD', [IPS_HW_OFFLOAD, 0]],
	['SRC_NAT', [IPS_SRC_NAT, 0]],
	['DST_NAT', [IPS_DST_NAT, 0]],
]);

const HELP = `Command line interface for the connection tracking system. Version 1.4.7
Usage: conntrack [commands] [options]

Commands:
  -L [table] [options]		List conntrack or expectation table
  -G [table] parameters		Get conntrack or expectation
  -D [table] parameters		Delete conntrack or expectation
  -I [table] parameters		Create a conntrack or expectation
  -U [table] parameters		Update a conntrack
  -E [table] [options]		Show events
  -F [table]			Flush table
  -C [table]			Show counter
  -S				Show statistics
`;

function run(p: process, argv: string[]): number {
	const long = {
		src: true,
		'orig-src': true,
		dst: true,
		'orig-dst': true,
		'reply-src': true,
		'reply-dst': true,
		sport: true,
		'orig-port-src': true,
		dport: true,
		'orig-port-dst': true,
		'reply-port-src': true,
		'reply-port-dst': true,
		protonum: true,
		family: true,
		zone: true,
		mark: true,
		status: true,
		state: true,
		timeout: true,
		output: true,
		'src-nat': false,
		'dst-nat': false,
		'any-nat': false,
		'icmp-type': true,
		'icmp-code': true,
		'icmp-id': true,
		dump: false,
		list: false,
		get: false,
		delete: false,
		create: false,
		flush: false,
		count: false,
		stats: false,
		event: false,
		version: false,
		help: false,
		zero: false,
		'buffer-size': true,
	};
	const g = getopt(argv.slice(1), 'LIUDGEFAhVCSs:d:r:q:p:f:w:m:u:t:o:b:ngjze:', long);
	if (g.error !== null) {
		const c = /invalid option -- '(.)'/.exec(g.error);
		throw new usage_error(
			c !== null ? `unknown option \`-${c[1]}'\n${TRY}` : `${g.error}\n${TRY}`,
		);
	}
	const f: filter = {
		family: AF_UNSPEC,
		proto: -1,
		src: null,
		dst: null,
		rsrc: null,
		rdst: null,
		sport: -1,
		dport: -1,
		rsport: -1,
		rdport: -1,
		mark: -1,
		mark_mask: 0xffffffff,
		zone: -1,
		status: 0,
		status_unset: 0,
		state: -1,
		src_nat: false,
		dst_nat: false,
		any_nat: false,
		icmp_type: -1,
		icmp_code: -1,
		icmp_id: -1,
	};
	let command = '';
	let timeout = -1;
	let extended = false;
	let with_id = false;
	const commands: Record<string, string> = {
		L: 'L',
		dump: 'L',
		list: 'L',
		I: 'I',
		create: 'I',
		D: 'D',
		delete: 'D',
		G: 'G',
		get: 'G',
		E: 'E',
		event: 'E',
		F: 'F',
		flush: 'F',
		C: 'C',
		count: 'C',
		S: 'S',
		stats: 'S',
		U: 'U',
		A: 'A',
		V: 'V',
		version: 'V',
		h: 'h',
		help: 'h',
	};
	for (const { name, value } of g.options) {
		const cmd = commands[name];
		if (cmd !== undefined) {
			if (command !== '') throw new usage_error(`Can't use multiple commands\n${TRY}`);
			command = cmd;
			continue;
		}
		switch (name) {
			case 's':
			case 'src':
			case 'orig-src':
				f.src = ip(value);
				break;
			case 'd':
			case 'dst':
			case 'orig-dst':
				f.dst = ip(value);
				break;
			case 'r':
			case 'reply-src':
				f.rsrc = ip(value);
				break;
			case 'q':
			case 'reply-dst':
				f.rdst = ip(value);
				break;
			case 'sport':
			case 'orig-port-src':
				f.sport = port(value);
				break;
			case 'dport':
			case 'orig-port-dst':
				f.dport = port(value);
				break;
			case 'reply-port-src':
				f.rsport = port(value);
				break;
			case 'reply-port-dst':
				f.rdport = port(value);
				break;
			case 'p':
			case 'protonum': {
				const named = [...PROTOS].find(([, n]) => n === value.toLowerCase())?.[0];
				const n = named ?? (/^\d+$/.test(value) ? Number(value) : -1);
				if (n < 0 || n > 255) throw new usage_error(`\`${value}' unsupported protocol\n${TRY}`);
				f.proto = n;
				break;
			}
			case 'f':
			case 'family':
				if (value === 'ipv4') f.family = AF_INET;
				else if (value === 'ipv6') f.family = AF_INET6;
				else throw new usage_error(`\`${value}' unsupported protocol\n${TRY}`);
				break;
			case 'w':
			case 'zone':
				f.zone = Number(value);
				break;
			case 'm':
			case 'mark': {
				const [v, mask] = value.split('/');
				f.mark = Number(v);
				if (mask !== undefined) f.mark_mask = Number(mask) >>> 0;
				break;
			}
			case 'u':
			case 'status':
				for (const word of value.split(',')) {
					const bits = STATUS.get(word.toUpperCase());
					if (bits === undefined) throw new usage_error(`Bad status \`${word}'\n${TRY}`);
					f.status |= bits[0];
					f.status_unset |= bits[1];
				}
				break;
			case 'state':
				f.state = TCP_STATES.indexOf(value.toUpperCase());
				if (f.state < 0) throw new usage_error(`Invalid TCP state\n${TRY}`);
				break;
			case 't':
			case 'timeout':
				timeout = Number(value);
				break;
			case 'o':
			case 'output':
				for (const word of value.split(',')) {
					if (word === 'extended') extended = true;
					else if (word === 'id') with_id = true;
					else if (word !== 'ktimestamp' && word !== 'timestamp' && word !== 'labels')
						throw new usage_error(`Bad output parameter \`${word}'\n${TRY}`);
				}
				break;
			case 'n':
			case 'src-nat':
				f.src_nat = true;
				break;
			case 'g':
			case 'dst-nat':
				f.dst_nat = true;
				break;
			case 'j':
			case 'any-nat':
				f.any_nat = true;
				break;
			case 'icmp-type':
				f.icmp_type = Number(value);
				break;
			case 'icmp-code':
				f.icmp_code = Number(value);
				break;
			case 'icmp-id':
				f.icmp_id = Number(value);
				break;
			default:
		}
	}
	const table = g.operands[0] ?? 'conntrack';
	if (table !== 'conntrack' && command !== 'h' && command !== 'V') {
		p.eprint(`simns: unsupported: ${argv.join(' ')}\n`);
		return 1;
	}
	if (f.family === AF_UNSPEC) {
		const a = f.src ?? f.dst ?? f.rsrc ?? f.rdst;
		if (a !== null) f.family = a.includes(':') ? AF_INET6 : AF_INET;
	}
	switch (command) {
		case 'V':
			p.print(`${HEAD}\n`);
			return 0;
		case 'h':
		case '':
			p.print(HELP);
			return 0;
		case 'L': {
			const hits = list(p, f);
			for (const e of hits) p.print(`${entry_text(e, extended, with_id)}\n`);
			p.eprint(`${HEAD}: ${hits.length} flow entries have been shown.\n`);
			return 0;
		}
		case 'C': {
			const r = nfnetlink_rcv_msg(
				p.netns,
				message(C.IPCTNL_MSG_CT_GET_STATS, 0),
				new netlink_ext_ack(),
			);
			if (typeof r === 'number')
				throw new usage_error(`Operation failed: ${strerror(r)}\n`);
			p.print(`${nla_get_u32(r[0].tb, C.CTA_STATS_GLOBAL_ENTRIES) ?? 0}\n`);
			return 0;
		}
		case 'S': {
			const r = nfnetlink_rcv_dump(p.netns, message(C.IPCTNL_MSG_CT_GET_STATS_CPU, 0));
			if (typeof r === 'number')
				throw new usage_error(`Operation failed: ${strerror(r)}\n`);
			const names: [string, number][] = [
				['found', C.CTA_STATS_FOUND],
				['invalid', C.CTA_STATS_INVALID],
				['ignore', C.CTA_STATS_IGNORE],
				['insert', C.CTA_STATS_INSERT],
				['insert_failed', C.CTA_STATS_INSERT_FAILED],
				['drop', C.CTA_STATS_DROP],
				['early_drop', C.CTA_STATS_EARLY_DROP],
				['error', C.CTA_STATS_ERROR],
				['search_restart', C.CTA_STATS_SEARCH_RESTART],
				['clash_resolve', C.CTA_STATS_CLASH_RESOLVE],
			];
			r.forEach((msg, cpu) => {
				let line = `cpu=${String(cpu).padEnd(4)}\t`;
				for (const [name, type] of names)
					if (msg.tb.has(type)) line += `${name}=${nla_get_u32(msg.tb, type)} `;
				p.print(`${line}\n`);
			});
			return 0;
		}
		case 'F': {
			const r = nfnetlink_rcv_msg(
				p.netns,
				message(C.IPCTNL_MSG_CT_DELETE, 0, f.family),
				new netlink_ext_ack(),
			);
			if (typeof r === 'number') throw new usage_error(`Operation failed: ${strerror(r)}\n`);
			p.eprint(`${HEAD}: connection tracking table has been emptied.\n`);
			return 0;
		}
		case 'D': {
			let n = 0;
			for (const e of list(p, f)) {
				const msg = message(C.IPCTNL_MSG_CT_DELETE, 0, e.family);
				for (const type of [C.CTA_TUPLE_ORIG, C.CTA_ZONE, C.CTA_ID]) {
					const v = e.msg.tb.get(type);
					if (v !== undefined) msg.tb.set(type, v);
				}
				const r = nfnetlink_rcv_msg(p.netns, msg, new netlink_ext_ack());
				if (typeof r === 'number') {
					p.eprint(`${HEAD}: Operation failed: ${err2str(r)}\n`);
					continue;
				}
				n++;
				p.print(`${entry_text(e, extended, with_id)}\n`);
			}
			p.eprint(`${HEAD}: ${n} flow entries have been deleted.\n`);
			return n > 0 ? 0 : 1;
		}
		case 'I': {
			if (f.src === null || f.dst === null || f.proto < 0 || timeout < 0)
				throw new usage_error(`You must specify \`timeout', \`src', \`dst' and \`protonum'\n${TRY}`);
			const t: tuple = {
				src: f.src,
				dst: f.dst,
				proto: f.proto,
				sport: f.sport,
				dport: f.dport,
				type: f.icmp_type,
				code: f.icmp_code,
				id: f.icmp_id,
				zone: 0,
			};
			const back: tuple = {
				...t,
				src: f.rsrc ?? f.dst,
				dst: f.rdst ?? f.src,
				sport: f.rsport >= 0 ? f.rsport : f.dport,
				dport: f.rdport >= 0 ? f.rdport : f.sport,
			};
			const msg = message(C.IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL, f.family);
			put_tuple(msg.tb, C.CTA_TUPLE_ORIG, t);
			put_tuple(msg.tb, C.CTA_TUPLE_REPLY, back);
			msg.tb.set(C.CTA_TIMEOUT, timeout);
			if (f.zone >= 0) msg.tb.set(C.CTA_ZONE, f.zone);
			if (f.mark >= 0) msg.tb.set(C.CTA_MARK, f.mark);
			if (f.status !== 0) msg.tb.set(C.CTA_STATUS, f.status);
			if (f.state >= 0) {
				const tcp = nla_nest_start(nla_nest_start(msg.tb, C.CTA_PROTOINFO), C.CTA_PROTOINFO_TCP);
				tcp.set(C.CTA_PROTOINFO_TCP_STATE, f.state);
			}
			const r = nfnetlink_rcv_msg(p.netns, msg, new netlink_ext_ack());
			if (typeof r === 'number') throw new usage_error(`Operation failed: ${err2str(r)}\n`);
			p.eprint(`${HEAD}: 1 flow entries have been created.\n`);
			return 0;
		}
		case 'G': {
			const hits = list(p, f);
			if (hits.length === 0) throw new usage_error('Operation failed: such conntrack doesn\'t exist\n');
			p.print(`${entry_text(hits[0], extended, with_id)}\n`);
			p.eprint(`${HEAD}: 1 flow entries have been shown.\n`);
			return 0;
		}
		default:
			p.eprint(`simns: unsupported: ${argv.join(' ')}\n`);
			return 1;
	}
}

/** The program. */
export function* conntrack(p: process, argv: string[]): Task<number> {
	try {
		return run(p, argv);
	} catch (e) {
		if (!(e instanceof usage_error)) throw e;
		p.eprint(`${HEAD}: ${e.message}`);
		return e.message.endsWith(TRY) ? 2 : 1;
	}
}
