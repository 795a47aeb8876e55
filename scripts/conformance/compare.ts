// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds two answers side by side: output, exit code, summaries, counters of nft, frames of each device and direction.
 */
import { decode_frame, type packet } from '../../tools/testing/selftests/lib/packet.ts';
import type { answer } from './answer.ts';
import { folder } from './fold.ts';

/** What is compared. */
export type place = 'output' | 'exit' | 'summary' | 'counter' | 'frames';

/** Something that is not the same; null where one side has nothing. */
export interface difference {
	where: place;
	/** Stream, file, namespace, device and direction. */
	at: string;
	/** Key, rule, kind of frame. */
	what: string;
	simulator: string | null;
	kernel: string | null;
}

/** What was compared and came out. */
export interface comparison {
	/** How many lines, keys, counters and kinds of frames were held side by side. */
	compared: number;
	differences: difference[];
}

function lines_of(text: string, f: folder): string[] {
	const lines = text.split('\n').map((l) => f.line(l));
	while (lines.length > 0 && lines[lines.length - 1] === '') lines.pop();
	return lines;
}

/** Longer outputs are compared by what they hold, without the order. */
const MAX_CELLS = 4_000_000;

/** Lines that only one side has, by a longest common subsequence. */
export function line_differences(
	a: readonly string[],
	b: readonly string[],
): { a: string[]; b: string[] }[] {
	let start = 0;
	while (start < a.length && start < b.length && a[start] === b[start]) start++;
	let [ea, eb] = [a.length, b.length];
	while (ea > start && eb > start && a[ea - 1] === b[eb - 1]) {
		ea--;
		eb--;
	}
	const [x, y] = [a.slice(start, ea), b.slice(start, eb)];
	if (x.length * y.length > MAX_CELLS) {
		const only = (p: string[], q: string[]): string[] => {
			const rest = new Map<string, number>();
			for (const l of q) rest.set(l, (rest.get(l) ?? 0) + 1);
			return p.filter((l) => {
				const n = rest.get(l) ?? 0;
				rest.set(l, n - 1);
				return n <= 0;
			});
		};
		const [l, r] = [only(x, y), only(y, x)];
		return l.length + r.length === 0 ? [] : [{ a: l, b: r }];
	}
	const w = y.length + 1;
	const t = new Uint32Array((x.length + 1) * w);
	for (let i = x.length - 1; i >= 0; i--)
		for (let j = y.length - 1; j >= 0; j--)
			t[i * w + j] =
				x[i] === y[j]
					? t[(i + 1) * w + j + 1] + 1
					: Math.max(t[(i + 1) * w + j], t[i * w + j + 1]);
	const out: { a: string[]; b: string[] }[] = [];
	let [i, j] = [0, 0];
	let open: { a: string[]; b: string[] } | null = null;
	while (i < x.length || j < y.length) {
		if (i < x.length && j < y.length && x[i] === y[j]) {
			open = null;
			i++;
			j++;
			continue;
		}
		if (open === null) {
			open = { a: [], b: [] };
			out.push(open);
		}
		if (j >= y.length || (i < x.length && t[(i + 1) * w + j] >= t[i * w + j + 1]))
			open.a.push(x[i++]);
		else open.b.push(y[j++]);
	}
	return out;
}

/**
 * Keys and values of a text that is nothing else.
 * @returns null when it is something else
 */
export function summary_of(text: string): Map<string, string> | null {
	const out = new Map<string, string>();
	for (const line of text.split('\n')) {
		if (line.trim() === '') continue;
		const m = /^([\w.:-]+)=(.*)$/.exec(line);
		if (m === null || out.has(m[1])) return null;
		out.set(m[1], m[2]);
	}
	return out.size === 0 ? null : out;
}

/**
 * Counters of a ruleset as nft lists it.
 * @returns `packets N bytes M` by table, chain and rule
 */
export function counters_of(text: string): Map<string, string> {
	const out = new Map<string, string>();
	const path: string[] = [];
	const count = /packets \d+ bytes \d+/g;
	for (const raw of text.split('\n')) {
		const line = raw.trim();
		if (line.endsWith('{') && !line.startsWith('elements')) {
			path.push(line.slice(0, -1).trim());
			continue;
		}
		if (line === '}') {
			path.pop();
			continue;
		}
		const values = line.match(count);
		if (values === null) continue;
		const bare = line
			.replaceAll(/\s*\bpackets \d+ bytes \d+/g, '')
			.replaceAll(/\b\d+[smhd](?:\d+m?s)*\b/g, 'T');
		const head = [...path, bare].filter((w) => w !== '').join(', ');
		for (const v of values) {
			let key = head;
			for (let n = 2; out.has(key); n++) key = `${head} #${n}`;
			out.set(key, v);
		}
	}
	return out;
}

/** First of the ports that a kernel gives out by itself. */
const EPHEMERAL = 32768;
const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMP6 = 58;
const ESP = 50;

function port(n: number): string {
	return n >= EPHEMERAL ? '*' : String(n);
}

/** Frame without what chance and time decide. */
export function kind_of(p: packet, f: folder): string {
	const tags = p.tags.map((t) => `${t.proto === 0x88a8 ? 's' : 'c'}${t.vid} `).join('');
	const head = `${f.mac(p.src_mac)} > ${f.mac(p.dst_mac)} ${tags}`;
	const [src, dst] = [f.address(p.src), f.address(p.dst)];
	if (p.ethertype === 0x0806)
		return `${head}ARP ${p.sport === 1 ? 'request' : 'reply'} ${src} > ${dst}`;
	if (p.ip === 0) return `${head}type 0x${p.ethertype.toString(16)} len ${p.len}`;
	const tos = p.tos === 0 ? '' : ` tos 0x${p.tos.toString(16)}`;
	const frag = p.frag_offset > 0 || p.mf ? ` frag ${p.frag_offset}${p.mf ? '+' : ''}` : '';
	const tail = `ttl ${p.ttl}${p.df ? ' DF' : ''}${tos}${frag}`;
	if (p.proto === TCP && p.frag_offset > 0) return `${head}${src} > ${dst} TCP ${tail}`;
	if (p.proto === TCP)
		return `${head}${src}.${port(p.sport)} > ${dst}.${port(p.dport)} TCP ${tail}`;
	if (p.proto === UDP && p.frag_offset === 0)
		return `${head}${src}.${port(p.sport)} > ${dst}.${port(p.dport)} UDP ${p.payload_len} ${tail}`;
	if (p.proto === ICMP || p.proto === ICMP6)
		return `${head}${src} > ${dst} ICMP${p.proto === ICMP6 ? '6' : ''} ${p.sport}/${p.dport} ${p.payload_len} ${tail}`;
	if (p.proto === ESP) return `${head}${src} > ${dst} ESP ${tail}`;
	return `${head}${src} > ${dst} proto ${p.proto} ${p.payload_len} ${tail}`;
}

/** Kinds of frames and how often each came, by namespace, device and direction. */
function frames_of(a: answer, f: folder): Map<string, Map<string, number>> {
	const out = new Map<string, Map<string, number>>();
	for (const s of a.frames) {
		const at = `${f.ns(s.ns)}/${s.dev} ${s.out ? 'out' : 'in'}`;
		const kinds = out.get(at) ?? new Map<string, number>();
		out.set(at, kinds);
		const kind = kind_of(decode_frame(s.data, s.len, s.time_ns), f);
		kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
	}
	return out;
}

/** How a stream is cut into segments and when they are acknowledged is no matter of the network. */
function counted(kind: string): boolean {
	return !/ (?:TCP|ESP) ttl /.test(kind);
}

class comparer {
	readonly out: comparison = { compared: 0, differences: [] };

	same(
		where: place,
		at: string,
		what: string,
		simulator: string | null,
		kernel: string | null,
	): void {
		this.out.compared++;
		if (simulator !== kernel)
			this.out.differences.push({ where, at, what, simulator, kernel });
	}

	maps(
		where: place,
		at: string,
		s: ReadonlyMap<string, string>,
		k: ReadonlyMap<string, string>,
	): void {
		for (const key of new Set([...s.keys(), ...k.keys()]))
			this.same(where, at, key, s.get(key) ?? null, k.get(key) ?? null);
	}
}

function rulesets_of(a: answer, f: folder): Map<string, Map<string, string>> {
	const out = new Map<string, Map<string, string>>();
	for (const { ns, text } of a.rulesets) {
		const base = f.ns(ns);
		let at = base;
		for (let n = 2; out.has(at); n++) at = `${base} #${n}`;
		out.set(
			at,
			counters_of(
				text
					.split('\n')
					.map((l) => f.line(l))
					.join('\n'),
			),
		);
	}
	return out;
}

/** Holds what the simulator and a real kernel answered side by side. */
export function compare(s: answer, k: answer): comparison {
	const c = new comparer();
	const [fs, fk] = [new folder(s, k.names), new folder(k, s.names)];

	for (const stream of ['stdout', 'stderr'] as const) {
		const [a, b] = [lines_of(s[stream], fs), lines_of(k[stream], fk)];
		c.out.compared += Math.max(a.length, b.length);
		for (const d of line_differences(a, b))
			for (let i = 0; i < Math.max(d.a.length, d.b.length); i++)
				c.out.differences.push({
					where: 'output',
					at: stream,
					what: '',
					simulator: d.a[i] ?? null,
					kernel: d.b[i] ?? null,
				});
	}
	const end = (a: answer): string => (a.timed_out ? 'stopped: too long' : String(a.rc));
	c.same('exit', 'exit code', '', end(s), end(k));

	for (const file of new Set([...s.files.keys(), ...k.files.keys()])) {
		const [a, b] = [s.files.get(file), k.files.get(file)];
		if (a === undefined || b === undefined) {
			c.same(
				'summary',
				file,
				'the file',
				a === undefined ? null : 'is there',
				b === undefined ? null : 'is there',
			);
			continue;
		}
		const [x, y] = [summary_of(a), summary_of(b)];
		if (x === null || y === null) continue;
		for (const [key, v] of x) x.set(key, fs.line(v));
		for (const [key, v] of y) y.set(key, fk.line(v));
		c.maps('summary', file, x, y);
	}

	const none: ReadonlyMap<string, string> = new Map();
	const [rs, rk] = [rulesets_of(s, fs), rulesets_of(k, fk)];
	for (const ns of new Set([...rs.keys(), ...rk.keys()]))
		c.maps('counter', ns, rs.get(ns) ?? none, rk.get(ns) ?? none);

	const [ps, pk] = [frames_of(s, fs), frames_of(k, fk)];
	for (const at of [...new Set([...ps.keys(), ...pk.keys()])].sort()) {
		const [a, b] = [ps.get(at), pk.get(at)];
		for (const kind of new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])])) {
			const [n, m] = [a?.get(kind), b?.get(kind)];
			if (n !== undefined && m !== undefined && !counted(kind)) c.out.compared++;
			else
				c.same(
					'frames',
					at,
					kind,
					n === undefined ? null : `${n} times`,
					m === undefined ? null : `${m} times`,
				);
		}
	}
	return c.out;
}
