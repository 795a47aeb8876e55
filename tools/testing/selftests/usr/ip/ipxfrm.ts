// SPDX-License-Identifier: GPL-2.0-only
/*
 * ip xfrm: state and policy, of IPv4 and ESP. Options of what is not ported (marks, limits, encapsulation, AEAD,
 * contexts, interfaces) say so; monitor is not here.
 */
import { htonl, htons } from '../../../../../include/linux/byteorder/generic.ts';
import { netlink_ext_ack, NLM_F_DUMP, type nlmsg } from '../../../../../include/net/netlink.ts';
import type { __be32 } from '../../../../../include/linux/types.ts';
import {
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
	XFRM_POLICY_ALLOW,
	XFRM_POLICY_BLOCK,
	XFRM_POLICY_ICMP,
	XFRM_POLICY_LOCALOK,
	xfrm_user_tmpl,
	xfrm_userpolicy_msg,
	xfrm_usersa_msg,
	type xfrm_id,
	type xfrm_lifetime_cfg,
	type xfrm_lifetime_cur,
	type xfrm_selector,
} from '../../../../../include/uapi/linux/xfrm.ts';
import { XFRM_INF } from '../../../../../include/uapi/linux/xfrm.ts';
import { xfrm_user_rcv_msg } from '../../../../../net/xfrm/xfrm_user.ts';
import {
	addr_text,
	AF_INET,
	AF_UNSPEC,
	type command,
	duparg,
	exit_error,
	EXIT_MINUS_1,
	get_addr,
	get_prefix,
	get_unsigned,
	invarg,
	matches,
	missarg,
	rtnl_error,
} from './utils.ts';

const IPPROTO_ESP = 50;

const modes: [string, number][] = [
	['transport', XFRM_MODE_TRANSPORT],
	['tunnel', XFRM_MODE_TUNNEL],
];

const xfrm_protos = ['esp', 'ah', 'comp', 'route2', 'hao'];

const state_flags: [string, number][] = [
	['noecn', 1],
	['decap-dscp', 2],
	['nopmtudisc', 4],
	['wildrecv', 8],
	['icmp', 16],
];

const upper_protos = new Map<string, number>([
	['icmp', 1],
	['tcp', 6],
	['udp', 17],
	['dccp', 33],
	['esp', 50],
	['sctp', 132],
	['udplite', 136],
]);

const dirs = ['in', 'out', 'fwd'];

const hex8 = (n: number): string => n.toString(16).padStart(8, '0');

function usage(): never {
	throw new exit_error(
		'Usage: ip xfrm XFRM-OBJECT { COMMAND | help }\n' +
			'where  XFRM-OBJECT := state | policy | monitor\n',
		EXIT_MINUS_1,
	);
}

/** Ends with word that what an option asks for is not ported. */
function unsupported(c: command, word: string): never {
	throw new exit_error(`simns: unsupported: ip xfrm ${c.argv[0] ?? ''} … ${word}\n`, 1);
}

/** Sends a message; exits with the kernel's answer on error. */
function talk(c: command, msg: xfrm_usersa_msg | xfrm_userpolicy_msg): nlmsg[] {
	const extack = new netlink_ext_ack();
	const reply: nlmsg[] = [];
	const err = xfrm_user_rcv_msg(c.net, msg, extack, reply);
	if (err < 0) throw new exit_error(rtnl_error(err, extack), 2);
	return reply;
}

/* arguments */

/** Takes the words of an ID from the argument at hand on; tells whether there was one. */
function parse_id(
	c: command,
	t: { id: xfrm_id; saddr: __be32 },
	seen: { src: boolean; dst: boolean; proto: boolean; spi: boolean },
): void {
	for (; c.more; c.i++) {
		const word = c.arg;
		if (word === 'src') {
			const a = get_addr(c.next(), AF_UNSPEC);
			if (a.family !== AF_INET) unsupported(c, 'src with an IPv6 address');
			t.saddr = a.data as __be32;
			seen.src = true;
		} else if (word === 'dst') {
			const a = get_addr(c.next(), AF_UNSPEC);
			if (a.family !== AF_INET) {
				if (seen.src)
					invarg(
						'the same address family is required between values after "src" and "dst"',
						c.arg.split(':').at(-1)!,
					);
				unsupported(c, 'dst with an IPv6 address');
			}
			t.id.daddr = a.data as __be32;
			seen.dst = true;
		} else if (word === 'proto') {
			const name = c.next();
			if (!xfrm_protos.includes(name)) invarg('XFRM-PROTO value is invalid', name);
			if (name !== 'esp') unsupported(c, `proto ${name}`);
			t.id.proto = IPPROTO_ESP;
			seen.proto = true;
		} else if (word === 'spi') {
			const spi = get_unsigned(c.next());
			if (spi === null) invarg('SPI value is invalid', c.arg);
			t.id.spi = htonl(spi);
			seen.spi = true;
		} else break;
	}
}

function parse_mode(c: command): number {
	const name = c.next();
	const mode = modes.find(([m]) => m === name);
	if (mode !== undefined) return mode[1];
	if (matches(name, 'ro') || matches(name, 'in_trigger') || matches(name, 'beet'))
		unsupported(c, `mode ${name}`);
	return invarg('MODE value is invalid', name);
}

function parse_u32(c: command, what: string): number {
	const n = get_unsigned(c.next());
	if (n === null) invarg(`${what} value is invalid`, c.arg);
	return n;
}

/** Takes the words of a selector; leaves the first that is none at hand. */
function parse_selector(c: command, sel: xfrm_selector): boolean {
	let any = false;
	for (; c.more; c.i++) {
		const word = c.arg;
		if (word === 'src' || word === 'dst') {
			const p = get_prefix(c.next(), AF_UNSPEC);
			if (p.family !== AF_INET) unsupported(c, `${word} with an IPv6 prefix`);
			sel.family = AF_INET;
			if (word === 'src') {
				sel.saddr = (p.data ?? 0) as __be32;
				sel.prefixlen_s = p.bitlen;
			} else {
				sel.daddr = (p.data ?? 0) as __be32;
				sel.prefixlen_d = p.bitlen;
			}
		} else if (word === 'dev') {
			const name = c.next();
			sel.ifindex = name === 'none' ? 0 : c.name_to_index(name);
			if (sel.ifindex === 0 && name !== 'none') invarg('DEV value is invalid', name);
		} else if (word === 'proto') {
			const name = c.next();
			const n = upper_protos.get(name) ?? (name === 'any' ? 0 : get_unsigned(name, 255));
			if (n === null) invarg('PROTO value is invalid', name);
			sel.proto = n;
		} else if (word === 'sport' || word === 'type') {
			sel.sport = htons(parse_u32(c, word === 'sport' ? 'PORT' : 'TYPE'));
			sel.sport_mask = htons(0xffff);
		} else if (word === 'dport' || word === 'code') {
			sel.dport = htons(parse_u32(c, word === 'dport' ? 'PORT' : 'CODE'));
			sel.dport_mask = htons(0xffff);
		} else break;
		any = true;
	}
	return any;
}

/** Key as the user wrote it: 0x and hex digits, or the bytes of the text. */
function parse_key(text: string): Uint8Array {
	if (!text.startsWith('0x')) return new TextEncoder().encode(text);
	const digits = text.slice(2);
	if (!/^[0-9a-fA-F]*$/.test(digits)) invarg('ALGO-KEYMAT value is invalid', text);
	const even = digits.length % 2 === 0 ? digits : `0${digits}`;
	return Uint8Array.from(even.match(/../g) ?? [], (b) => parseInt(b, 16));
}

function need(c: command, what: string): string {
	c.i++;
	if (!c.more) missarg(what);
	return c.arg;
}

/* printing */

function print_selector(c: command, sel: xfrm_selector, title: string): void {
	let text = `${title}src ${addr_text(sel.saddr)}/${sel.prefixlen_s} dst ${addr_text(sel.daddr)}/${sel.prefixlen_d} `;
	if (sel.proto !== 0) {
		const name = [...upper_protos].find(([, n]) => n === sel.proto)?.[0];
		text += `proto ${name ?? sel.proto} `;
	}
	const icmp = sel.proto === 1;
	if (sel.sport_mask !== 0) text += `${icmp ? 'type' : 'sport'} ${sel.sport} `;
	if (sel.dport_mask !== 0) text += `${icmp ? 'code' : 'dport'} ${sel.dport} `;
	if (sel.ifindex !== 0) text += `dev ${c.index_to_name(sel.ifindex)} `;
	if (c.s.stats > 0) text += 'uid 0';
	c.o.fp(text + c.o.sl);
}

function print_id(
	c: command,
	t: { id: xfrm_id; saddr: __be32; mode: number; reqid: number },
	prefix: string,
	title: string,
	force_spi: boolean,
): void {
	const many = c.s.stats > 0;
	const { sl } = c.o;
	let text = `${title}src ${addr_text(t.saddr)} dst ${addr_text(t.id.daddr)}${sl}`;
	text += `${prefix}proto esp `;
	if (many || force_spi || t.id.spi !== 0)
		text += `spi 0x${hex8(t.id.spi)}${many ? `(${t.id.spi})` : ''} `;
	text += `reqid ${t.reqid}${many ? `(0x${hex8(t.reqid)})` : ''} `;
	text += `mode ${modes.find(([, m]) => m === t.mode)?.[0] ?? t.mode}${sl}`;
	c.o.fp(text);
}

function print_lifetime(c: command, lft: xfrm_lifetime_cfg, cur: xfrm_lifetime_cur): void {
	const { sl } = c.o;
	const limit = (n: number): string => (n === XFRM_INF ? '(INF)' : String(n));
	const boot = c.net.machine.boot_realtime_ns / 1e9;
	const time = (sec: number): string =>
		sec === 0
			? '-'
			: new Date((boot + sec) * 1000).toISOString().slice(0, 19).replace('T', ' ');
	c.o.fp(
		`\tlifetime config:${sl}` +
			`\t  limit: soft ${limit(lft.soft_byte_limit)}(bytes), hard ${limit(lft.hard_byte_limit)}(bytes)${sl}` +
			`\t  limit: soft ${limit(lft.soft_packet_limit)}(packets), hard ${limit(lft.hard_packet_limit)}(packets)${sl}` +
			`\t  expire add: soft 0(sec), hard 0(sec)${sl}` +
			`\t  expire use: soft 0(sec), hard 0(sec)${sl}` +
			`\tlifetime current:${sl}` +
			`\t  ${cur.bytes}(bytes), ${cur.packets}(packets)${sl}` +
			`\t  add ${time(cur.add_time)} use ${time(cur.use_time)}${sl}`,
	);
}

function print_state(c: command, x: xfrm_usersa_msg, nokeys: boolean): void {
	const many = c.s.stats > 0;
	const { sl } = c.o;
	print_id(c, x, '\t', '', true);
	let text = `\treplay-window ${x.replay_window} `;
	if (many) text += 'seq 0x00000000 ';
	if (many || x.sa_flags !== 0) {
		text += `flag ${state_flags
			.filter(([, bit]) => (x.sa_flags & bit) !== 0)
			.map(([name]) => name)
			.join(' ')}`;
		if (many) text += ` (0x${hex8(x.sa_flags)})`;
	}
	text += sl;
	const key = (k: Uint8Array): string =>
		nokeys ? '<<Keys hidden>>' : `0x${Buffer.from(k).toString('hex')}`;
	const bits = (k: Uint8Array): string => (many ? ` (${k.length * 8}bits)` : '');
	if (x.aalg !== null)
		text += `\tauth-trunc ${x.aalg.alg_name} ${key(x.aalg.alg_key)}${bits(x.aalg.alg_key)} ${x.aalg.alg_trunc_len}${sl}`;
	if (x.ealg !== null)
		text += `\tenc ${x.ealg.alg_name} ${key(x.ealg.alg_key)}${bits(x.ealg.alg_key)}${sl}`;
	text += `\tanti-replay context: seq 0x${x.replay.seq.toString(16)}, oseq 0x${x.replay.oseq.toString(16)}, bitmap 0x${hex8(x.replay.bitmap)}${sl}`;
	c.o.fp(text);
	if (x.sel.family !== AF_UNSPEC) print_selector(c, x.sel, '\tsel ');
	if (many) {
		print_lifetime(c, x.lft, x.curlft);
		c.o.fp(
			`\tstats:${sl}\t  replay-window ${x.stats.replay_window} replay ${x.stats.replay} failed ${x.stats.integrity_failed}${sl}`,
		);
	}
	if (c.s.oneline) c.o.fp('\n');
}

function print_policy(c: command, p: xfrm_userpolicy_msg): void {
	const many = c.s.stats > 0;
	const { sl } = c.o;
	print_selector(c, p.sel, '');
	let text = `\tdir ${dirs[p.dir]} `;
	if (p.action !== XFRM_POLICY_ALLOW || many)
		text += `action ${p.action === XFRM_POLICY_ALLOW ? 'allow' : 'block'} `;
	if (many) text += `index ${p.index} `;
	text += `priority ${p.priority} ptype main `;
	if (many) text += 'share any ';
	if (many || p.policy_flags !== 0) {
		const names = [
			...((p.policy_flags & XFRM_POLICY_LOCALOK) !== 0 ? ['localok'] : []),
			...((p.policy_flags & XFRM_POLICY_ICMP) !== 0 ? ['icmp'] : []),
		];
		text += `flag ${names.join(' ')}`;
		if (many) text += ` (0x${hex8(p.policy_flags)})`;
	}
	c.o.fp(text + sl);
	if (many) print_lifetime(c, p.lft, p.curlft);
	for (const t of p.tmpl) {
		print_id(c, t, '\t\t', '\ttmpl ', false);
		if (many || t.optional)
			c.o.fp(
				`\t\tlevel ${t.optional ? 'use' : 'required'} ${many ? 'share any ' : ''}${sl}`,
			);
		if (many)
			c.o.fp(
				`\t\tenc-mask ${hex8(t.ealgos)} auth-mask ${hex8(t.aalgos)} comp-mask ${hex8(t.calgos)}${sl}`,
			);
	}
	if (c.s.oneline) c.o.fp('\n');
}

/* ip xfrm state */

const new_seen = (): { src: boolean; dst: boolean; proto: boolean; spi: boolean } => ({
	src: false,
	dst: false,
	proto: false,
	spi: false,
});

function state_modify(c: command, type: number): number {
	const msg = new xfrm_usersa_msg(type, 0);
	msg.family = c.s.family === AF_UNSPEC ? AF_INET : c.s.family;
	const seen = new_seen();
	for (; c.more; c.i++) {
		const word = c.arg;
		if (word === 'mode') msg.mode = parse_mode(c);
		else if (word === 'reqid') msg.reqid = parse_u32(c, 'REQID');
		else if (word === 'replay-window') {
			const n = get_unsigned(c.next());
			if (n === null) invarg('SIZE value is invalid', c.arg);
			if (n > 32) unsupported(c, 'replay-window above 32');
			msg.replay_window = n;
		} else if (word === 'replay-seq') msg.replay.seq = parse_u32(c, 'SEQ');
		else if (word === 'replay-oseq') msg.replay.oseq = parse_u32(c, 'SEQ');
		else if (word === 'flag') {
			c.next();
			const before = c.i;
			for (; c.more; c.i++) {
				const hit = state_flags.find(([name]) => name === c.arg);
				if (hit === undefined) break;
				msg.sa_flags |= hit[1];
			}
			if (c.i === before) {
				const n = /^0x[0-9a-f]+$/i.test(c.arg) ? get_unsigned(c.arg, 255) : null;
				if (n === null) invarg('FLAG value is invalid', c.arg);
				msg.sa_flags = n;
			} else c.i--;
		} else if (word === 'sel') {
			c.next();
			if (parse_selector(c, msg.sel)) c.i--;
		} else if (word === 'enc' || word === 'auth' || word === 'auth-trunc') {
			const alg_name = need(c, 'ALGO-NAME');
			const alg_key = parse_key(need(c, 'ALGO-KEYMAT'));
			let alg_trunc_len = 0;
			if (word === 'auth-trunc') {
				const n = get_unsigned(need(c, 'ALGO-TRUNC-LEN'));
				if (n === null) invarg('ALGO-TRUNC-LEN value is invalid', c.arg);
				alg_trunc_len = n;
			}
			if (word === 'enc') {
				if (msg.ealg !== null) duparg('ALGO-TYPE', word);
				msg.ealg = { alg_name, alg_key, alg_trunc_len };
			} else {
				if (msg.aalg !== null) duparg('ALGO-TYPE', word);
				msg.aalg = { alg_name, alg_key, alg_trunc_len };
			}
		} else if (
			['mark', 'seq', 'replay-seq-hi', 'replay-oseq-hi', 'limit', 'encap', 'coa', 'ctx'].includes(word) ||
			['extra-flag', 'offload', 'output-mark', 'if_id', 'tfcpad', 'aead', 'comp'].includes(word)
		)
			unsupported(c, word);
		else {
			const before = c.i;
			parse_id(c, msg, seen);
			if (c.i === before) invarg('unknown', word);
			c.i--;
		}
	}
	if (!seen.proto) missarg('XFRM-PROTO');
	if (msg.ealg === null)
		throw new exit_error(
			'ALGO-TYPE value "enc" or "aead" is required with XFRM-PROTO value "esp"\n',
			1,
		);
	talk(c, msg);
	return 0;
}

function state_get(c: command, type: number): number {
	const msg = new xfrm_usersa_msg(type, 0);
	const seen = new_seen();
	const before = c.i;
	parse_id(c, msg, seen);
	if (c.more) invarg('unknown', c.arg);
	if (!seen.proto && c.i > before) missarg('XFRM-PROTO');
	if (!seen.proto) throw new exit_error('RTNETLINK answers: Invalid argument\n', 2);
	for (const x of talk(c, msg)) print_state(c, x as xfrm_usersa_msg, false);
	return 0;
}

function state_list(c: command, deleteall: boolean): number {
	let nokeys = false;
	const want = new xfrm_usersa_msg(XFRM_MSG_GETSA, NLM_F_DUMP);
	const seen = new_seen();
	let mode: number | null = null;
	let reqid: number | null = null;
	for (; c.more; c.i++) {
		const word = c.arg;
		if (word === 'nokeys') nokeys = true;
		else if (word === 'mode') mode = parse_mode(c);
		else if (word === 'reqid') reqid = parse_u32(c, 'REQID');
		else {
			const before = c.i;
			parse_id(c, want, seen);
			if (c.i === before) invarg('unknown', word);
			c.i--;
		}
	}
	for (const m of talk(c, want)) {
		const x = m as xfrm_usersa_msg;
		if (seen.src && x.saddr !== want.saddr) continue;
		if (seen.dst && x.id.daddr !== want.id.daddr) continue;
		if (seen.spi && x.id.spi !== want.id.spi) continue;
		if (mode !== null && x.mode !== mode) continue;
		if (reqid !== null && x.reqid !== reqid) continue;
		if (deleteall) {
			const del = new xfrm_usersa_msg(XFRM_MSG_DELSA, 0);
			del.id = x.id;
			talk(c, del);
		} else print_state(c, x, nokeys);
	}
	return 0;
}

function state_flush(c: command): number {
	const msg = new xfrm_usersa_msg(XFRM_MSG_FLUSHSA, 0);
	for (; c.more; c.i++) {
		if (c.arg !== 'proto') invarg('unknown', c.arg);
		const name = c.next();
		if (!xfrm_protos.includes(name)) invarg('XFRM-PROTO value is invalid', name);
		if (name !== 'esp') return 0;
		msg.id.proto = IPPROTO_ESP;
	}
	talk(c, msg);
	return 0;
}

const STATE_USAGE =
	'Usage: ip xfrm state { add | update } ID [ ALGO-LIST ] [ mode MODE ]\n' +
	'        [ reqid REQID ] [ replay-window SIZE ] [ replay-seq SEQ ] [ replay-oseq SEQ ]\n' +
	'        [ flag FLAG-LIST ] [ sel SELECTOR ]\n' +
	'Usage: ip xfrm state { delete | get } ID\n' +
	'Usage: ip xfrm state deleteall [ ID ] [ mode MODE ] [ reqid REQID ]\n' +
	'Usage: ip xfrm state list [ nokeys ] [ ID ] [ mode MODE ] [ reqid REQID ]\n' +
	'Usage: ip xfrm state flush [ proto XFRM-PROTO ]\n' +
	'Usage: ip xfrm state count\n' +
	'ID := [ src ADDR ] [ dst ADDR ] [ proto esp ] [ spi SPI ]\n' +
	'ALGO := { enc | auth } ALGO-NAME ALGO-KEYMAT |\n' +
	'        auth-trunc ALGO-NAME ALGO-KEYMAT ALGO-TRUNC-LEN\n' +
	'MODE := transport | tunnel\n' +
	'FLAG := noecn | decap-dscp | nopmtudisc | wildrecv | icmp\n';

function do_xfrm_state(c: command): number {
	if (!c.more) return state_list(c, false);
	const word = c.arg;
	c.i++;
	if (matches(word, 'add')) return state_modify(c, XFRM_MSG_NEWSA);
	if (matches(word, 'update')) return state_modify(c, XFRM_MSG_UPDSA);
	if (matches(word, 'delete')) return state_get(c, XFRM_MSG_DELSA);
	if (matches(word, 'deleteall') || matches(word, 'delall')) return state_list(c, true);
	if (matches(word, 'list') || matches(word, 'show') || matches(word, 'lst')) return state_list(c, false);
	if (matches(word, 'get')) return state_get(c, XFRM_MSG_GETSA);
	if (matches(word, 'flush')) return state_flush(c);
	if (matches(word, 'count')) {
		const all = talk(c, new xfrm_usersa_msg(XFRM_MSG_GETSA, NLM_F_DUMP));
		c.o.fp(`\t SAD count ${all.length}\n`);
		return 0;
	}
	if (matches(word, 'help')) throw new exit_error(STATE_USAGE, EXIT_MINUS_1);
	throw new exit_error(
		`Command "${word}" is unknown, try "ip xfrm state help".\n`,
		EXIT_MINUS_1,
	);
}

/* ip xfrm policy */

/** What an option list of a policy says. */
interface policy_words {
	msg: xfrm_userpolicy_msg;
	dir: boolean;
	sel: boolean;
	action: boolean;
	priority: boolean;
	index: boolean;
}

function parse_policy(c: command, type: number, flags: number, tmpls: boolean): policy_words {
	const msg = new xfrm_userpolicy_msg(type, flags);
	const w = { msg, dir: false, sel: false, action: false, priority: false, index: false };
	for (; c.more; c.i++) {
		const word = c.arg;
		if (word === 'dir') {
			if (w.dir) duparg('dir', word);
			const dir = dirs.indexOf(c.next());
			if (dir < 0) invarg('DIR value is invalid', c.arg);
			msg.dir = dir;
			w.dir = true;
		} else if (word === 'index') {
			msg.index = parse_u32(c, 'INDEX');
			w.index = true;
		} else if (word === 'ptype') {
			if (c.next() !== 'main') unsupported(c, `ptype ${c.arg}`);
		} else if (word === 'action') {
			const a = c.next();
			if (a !== 'allow' && a !== 'block') invarg('ACTION value is invalid\n', a);
			msg.action = a === 'allow' ? XFRM_POLICY_ALLOW : XFRM_POLICY_BLOCK;
			w.action = true;
		} else if (word === 'priority') {
			msg.priority = parse_u32(c, 'PRIORITY');
			w.priority = true;
		} else if (word === 'flag') {
			c.next();
			for (; c.more; c.i++) {
				if (c.arg === 'localok') msg.policy_flags |= XFRM_POLICY_LOCALOK;
				else if (c.arg === 'icmp') msg.policy_flags |= XFRM_POLICY_ICMP;
				else break;
			}
			c.i--;
		} else if (word === 'tmpl' && tmpls) {
			c.next();
			const t = new xfrm_user_tmpl();
			t.family = AF_INET;
			for (; c.more; c.i++) {
				if (c.arg === 'mode') t.mode = parse_mode(c);
				else if (c.arg === 'reqid') t.reqid = parse_u32(c, 'REQID');
				else if (c.arg === 'level') {
					const level = c.next();
					if (level !== 'use' && level !== 'required') invarg('LEVEL value is invalid\n', level);
					t.optional = level === 'use';
				} else {
					const before = c.i;
					parse_id(c, t, new_seen());
					if (c.i === before) break;
					c.i--;
				}
			}
			c.i--;
			msg.tmpl.push(t);
		} else if (['ctx', 'mark', 'if_id', 'limit'].includes(word)) unsupported(c, word);
		else if (word !== 'nosock') {
			const before = c.i;
			if (!parse_selector(c, msg.sel)) duparg('unknown', word);
			if (c.i === before) duparg('unknown', word);
			c.i--;
			w.sel = true;
		}
	}
	return w;
}

function policy_modify(c: command, type: number): number {
	const w = parse_policy(c, type, 0, true);
	if (!w.dir) throw new exit_error('Not enough information: DIR is required.\n', 1);
	if (w.msg.sel.family === AF_UNSPEC) w.msg.sel.family = AF_INET;
	talk(c, w.msg);
	return 0;
}

function policy_get(c: command, type: number): number {
	const w = parse_policy(c, type, 0, false);
	if (!w.dir) throw new exit_error('Not enough information: DIR is required.\n', 1);
	if (!w.sel && !w.index)
		throw new exit_error(
			'Not enough information: either SELECTOR or INDEX is required.\n',
			1,
		);
	for (const p of talk(c, w.msg)) print_policy(c, p as xfrm_userpolicy_msg);
	return 0;
}

function policy_list(c: command, deleteall: boolean): number {
	const w = parse_policy(c, XFRM_MSG_GETPOLICY, NLM_F_DUMP, false);
	const want = w.msg;
	const all = talk(c, new xfrm_userpolicy_msg(XFRM_MSG_GETPOLICY, NLM_F_DUMP));
	for (const m of all) {
		const p = m as xfrm_userpolicy_msg;
		if (w.dir && p.dir !== want.dir) continue;
		if (w.index && p.index !== want.index) continue;
		if (w.action && p.action !== want.action) continue;
		if (w.priority && p.priority !== want.priority) continue;
		if (
			w.sel &&
			((want.sel.prefixlen_s !== 0 &&
				(want.sel.saddr !== p.sel.saddr || want.sel.prefixlen_s !== p.sel.prefixlen_s)) ||
				(want.sel.prefixlen_d !== 0 &&
					(want.sel.daddr !== p.sel.daddr || want.sel.prefixlen_d !== p.sel.prefixlen_d)) ||
				(want.sel.proto !== 0 && want.sel.proto !== p.sel.proto))
		)
			continue;
		if (deleteall) {
			const del = new xfrm_userpolicy_msg(XFRM_MSG_DELPOLICY, 0);
			del.dir = p.dir;
			del.index = p.index;
			talk(c, del);
		} else print_policy(c, p);
	}
	return 0;
}

const POLICY_USAGE =
	'Usage: ip xfrm policy { add | update } SELECTOR dir DIR\n' +
	'\t[ index INDEX ] [ ptype main ] [ action ACTION ] [ priority PRIORITY ]\n' +
	'\t[ flag FLAG-LIST ] [ TMPL-LIST ]\n' +
	'Usage: ip xfrm policy { delete | get } { SELECTOR | index INDEX } dir DIR\n' +
	'Usage: ip xfrm policy { deleteall | list } [ SELECTOR ] [ dir DIR ]\n' +
	'\t[ index INDEX ] [ action ACTION ] [ priority PRIORITY ]\n' +
	'Usage: ip xfrm policy flush\n' +
	'Usage: ip xfrm policy count\n' +
	'SELECTOR := [ src ADDR[/PLEN] ] [ dst ADDR[/PLEN] ] [ dev DEV ] [ UPSPEC ]\n' +
	'DIR := in | out | fwd\n' +
	'ACTION := allow | block\n' +
	'FLAG := localok | icmp\n' +
	'TMPL := ID [ mode MODE ] [ reqid REQID ] [ level LEVEL ]\n' +
	'ID := [ src ADDR ] [ dst ADDR ] [ proto esp ] [ spi SPI ]\n' +
	'MODE := transport | tunnel\n' +
	'LEVEL := required | use\n';

function do_xfrm_policy(c: command): number {
	if (!c.more) return policy_list(c, false);
	const word = c.arg;
	c.i++;
	if (matches(word, 'add')) return policy_modify(c, XFRM_MSG_NEWPOLICY);
	if (matches(word, 'update')) return policy_modify(c, XFRM_MSG_UPDPOLICY);
	if (matches(word, 'delete')) return policy_get(c, XFRM_MSG_DELPOLICY);
	if (matches(word, 'deleteall') || matches(word, 'delall')) return policy_list(c, true);
	if (matches(word, 'list') || matches(word, 'show') || matches(word, 'lst')) return policy_list(c, false);
	if (matches(word, 'get')) return policy_get(c, XFRM_MSG_GETPOLICY);
	if (matches(word, 'flush')) {
		talk(c, new xfrm_userpolicy_msg(XFRM_MSG_FLUSHPOLICY, 0));
		return 0;
	}
	if (matches(word, 'count')) {
		const all = talk(c, new xfrm_userpolicy_msg(XFRM_MSG_GETPOLICY, NLM_F_DUMP)) as xfrm_userpolicy_msg[];
		const n = (dir: number): number => all.filter((p) => p.dir === dir).length;
		c.o.fp(`\t SPD IN  ${n(0)} OUT ${n(1)} FWD ${n(2)}\n`);
		return 0;
	}
	if (matches(word, 'help')) throw new exit_error(POLICY_USAGE, EXIT_MINUS_1);
	throw new exit_error(
		`Command "${word}" is unknown, try "ip xfrm policy help".\n`,
		EXIT_MINUS_1,
	);
}

/**
 * ip xfrm.
 * @returns exit code
 */
export function do_xfrm(c: command): number {
	if (!c.more) usage();
	const word = c.arg;
	c.i++;
	if (matches(word, 'state')) return do_xfrm_state(c);
	if (matches(word, 'policy')) return do_xfrm_policy(c);
	return usage();
}
