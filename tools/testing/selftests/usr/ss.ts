// SPDX-License-Identifier: GPL-2.0-only
/*
 * ss of iproute2 6.1, over /proc/net/tcp, udp and their IPv6 kin: -a -l -n -o -t -u -4 -6 -H -N, and filters
 * on ports as scripts use them.
 */
import { ENOENT } from '../../../../include/uapi/linux/errno.ts';
import { ntop4, ntop6 } from '../lib/address.ts';
import type { process, Task } from '../lib/process.ts';
import { strerror } from '../lib/strerror.ts';
import { getopt } from './getopt.ts';

const STATES = [
	'UNKNOWN',
	'ESTAB',
	'SYN-SENT',
	'SYN-RECV',
	'FIN-WAIT-1',
	'FIN-WAIT-2',
	'TIME-WAIT',
	'UNCONN',
	'CLOSE-WAIT',
	'LAST-ACK',
	'LISTEN',
	'CLOSING',
];
const ESTABLISHED = 1;
const TIME_WAIT = 6;
const CLOSE = 7;
const LISTEN = 10;

interface entry {
	proto: string;
	state: number;
	rq: number;
	wq: number;
	local: string;
	lport: number;
	remote: string;
	rport: number;
}

/** An address of /proc/net: 32-bit words in host order. */
function proc_addr(hex: string): string {
	const bytes = new Uint8Array(hex.length / 2);
	for (let w = 0; w < hex.length; w += 8)
		for (let b = 0; b < 4; b++)
			bytes[w / 2 + b] = parseInt(hex.slice(w + 6 - 2 * b, w + 8 - 2 * b), 16);
	if (bytes.length === 4) {
		const v = ((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]) >>> 0;
		return ntop4(v);
	}
	const text = ntop6(bytes);
	return bytes.every((x) => x === 0) ? '*' : `[${text}]`;
}

function read_table(p: process, name: string, proto: string): entry[] {
	const show = p.netns.proc_net.get(name);
	if (show === undefined) return [];
	const out: entry[] = [];
	for (const line of show().split('\n').slice(1)) {
		const m =
			/^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]{2}) ([0-9A-F]{8}):([0-9A-F]{8})/.exec(
				line,
			);
		if (m === null) continue;
		out.push({
			proto,
			local: proc_addr(m[1]),
			lport: parseInt(m[2], 16),
			remote: proc_addr(m[3]),
			rport: parseInt(m[4], 16),
			state: parseInt(m[5], 16),
			wq: parseInt(m[6], 16),
			rq: parseInt(m[7], 16),
		});
	}
	return out;
}

type test = (e: entry) => boolean;

/** A filter such as `sport = :80` or `( dport = :1 or sport = :2 )`, or null when it is not known here. */
function parse_filter(words: readonly string[]): test | null {
	const t = words.join(' ').replace(/([()=])/g, ' $1 ').split(/\s+/).filter((w) => w !== '');
	let i = 0;
	const primary = (): test | null => {
		if (t[i] === '(') {
			i++;
			const e = or();
			if (t[i++] !== ')') return null;
			return e;
		}
		const key = t[i++];
		if (key === 'not' || key === '!') {
			const e = primary();
			return e === null ? null : (x) => !e(x);
		}
		if (key !== 'sport' && key !== 'dport') return null;
		let op = t[i] ?? '';
		if (/^(=|eq|==|!|ne|neq)$/.test(op)) {
			i++;
			if (t[i] === '=') i++;
		} else op = '=';
		const m = /^:?(\d+)$/.exec(t[i++] ?? '');
		if (m === null) return null;
		const port = Number(m[1]);
		const same = key === 'sport' ? (x: entry) => x.lport === port : (x: entry) => x.rport === port;
		return /^(!|ne|neq)$/.test(op) ? (x) => !same(x) : same;
	};
	const and = (): test | null => {
		let a = primary();
		while (a !== null && i < t.length && t[i] !== ')' && t[i] !== 'or' && t[i] !== '|') {
			if (t[i] === 'and' || t[i] === '&') i++;
			const b = primary();
			const left = a;
			a = b === null ? null : (x) => left(x) && b(x);
		}
		return a;
	};
	const or = (): test | null => {
		let a = and();
		while (a !== null && (t[i] === 'or' || t[i] === '|')) {
			i++;
			const b = and();
			const left = a;
			a = b === null ? null : (x) => left(x) || b(x);
		}
		return a;
	};
	if (t.length === 0) return () => true;
	const e = or();
	return i === t.length ? e : null;
}

/* Columns as ss lays them out: each as wide as its widest text, the last one without padding. */
function render(rows: string[][], right: readonly boolean[]): string[] {
	const width = right.map((_, c) => Math.max(...rows.map((r) => r[c].length)));
	return rows.map((r) =>
		r.map((text, c) => (right[c] ? text.padStart(width[c]) : text.padEnd(width[c]))).join(''),
	);
}

/** The program. */
export function* ss(p: process, argv: string[]): Task<number> {
	const g = getopt(argv.slice(1), 'hVnralLoempiszN:bKtudwxHOQSM460f:A:ED:F:Z', {
		help: false,
		version: false,
		numeric: false,
		all: false,
		listening: false,
		options: false,
		tcp: false,
		udp: false,
		ipv4: false,
		ipv6: false,
		net: true,
		'no-header': false,
		processes: false,
	});
	if (g.error !== null) {
		p.eprint(`ss: ${g.error}\nUsage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n`);
		return 1;
	}
	let tcp = false;
	let udp = false;
	let v4 = false;
	let v6 = false;
	let listening = false;
	let all = false;
	let header = true;
	for (const { name, value } of g.options) {
		switch (name) {
			case 't':
			case 'tcp':
				tcp = true;
				break;
			case 'u':
			case 'udp':
				udp = true;
				break;
			case '4':
			case 'ipv4':
				v4 = true;
				break;
			case '6':
			case 'ipv6':
				v6 = true;
				break;
			case 'l':
			case 'listening':
				listening = true;
				break;
			case 'a':
			case 'all':
				all = true;
				break;
			case 'H':
			case 'no-header':
				header = false;
				break;
			case 'V':
			case 'version':
				p.print('ss utility, iproute2-6.1.0\n');
				return 0;
			case 'N':
			case 'net': {
				const net = p.world.netns.get(value);
				if (net === undefined) {
					p.eprint(`Cannot open network namespace "${value}": ${strerror(ENOENT)}\n`);
					return 1;
				}
				p.world.setns(p, net);
				break;
			}
			default:
		}
	}
	if (!tcp && !udp) {
		tcp = true;
		udp = true;
	}
	if (!v4 && !v6) {
		v4 = true;
		v6 = true;
	}
	const filter = parse_filter(g.operands);
	if (filter === null) {
		p.eprint(`simns: unsupported: ${argv.join(' ')}\n`);
		return 1;
	}
	const entries: entry[] = [];
	if (udp && v4) entries.push(...read_table(p, 'udp', 'udp'));
	if (udp && v6) entries.push(...read_table(p, 'udp6', 'udp'));
	if (tcp && v4) entries.push(...read_table(p, 'tcp', 'tcp'));
	if (tcp && v6) entries.push(...read_table(p, 'tcp6', 'tcp'));
	const wanted = entries.filter((e) => {
		const idle = e.proto === 'tcp' ? e.state === LISTEN : e.state === CLOSE;
		if (!all) {
			if (listening ? !idle : idle) return false;
			if (!listening && e.proto === 'tcp' && (e.state === TIME_WAIT || e.state === 3)) return false;
			if (!listening && e.proto === 'udp' && e.state !== ESTABLISHED) return false;
		}
		return filter(e);
	});
	const both = tcp && udp;
	const port = (n: number): string => (n === 0 ? '*' : String(n));
	const rows: string[][] = [];
	if (header)
		rows.push([
			...(both ? ['Netid '] : []),
			'State ',
			'Recv-Q ',
			'Send-Q ',
			'Local Address',
			':Port ',
			'Peer Address',
			':Port',
			'Process',
		]);
	for (const e of wanted)
		rows.push([
			...(both ? [`${e.proto} `] : []),
			`${STATES[e.state] ?? 'UNKNOWN'} `,
			`${e.rq} `,
			`${e.wq} `,
			e.local,
			`:${port(e.lport)} `,
			e.remote,
			`:${port(e.rport)}`,
			'',
		]);
	if (rows.length === 0) return 0;
	const right = [...(both ? [false] : []), false, false, false, true, false, true, false, false];
	const lines = render(rows, right);
	p.print(`${lines.join('\n')}\n`);
	return 0;
}
