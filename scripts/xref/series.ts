// SPDX-License-Identifier: GPL-2.0-only
// A series that the user has, beside the catalogue and the port.

import { paramNames } from './c-facts.ts';
import type { Catalogue, CataloguePatch } from './catalogue.ts';
import { type Answer, answerFor, type PortIndex } from './compare.ts';
import type { Series, SeriesFile, SeriesHunk, SeriesPatch } from './mbox.ts';
import { clean, table } from './print.ts';

/** A changed line, and the definition that it stands in. */
interface PlacedLine {
	type: 'add' | 'del';
	text: string;
	/** Name of the definition; '' at file scope. */
	in: string;
}

export interface SeriesHunkReport {
	patch: number;
	path: string;
	index: number;
	old: [number, number];
	new: [number, number];
	/** Definitions that its lines make or change. */
	defs: string[];
	answers: Answer[];
	/** Added lines whose names the port's definition does not have. */
	unanswered: { text: string; in: string; without: string[] }[];
	/** Removed lines whose names went with them and that the port's definition still has. */
	remaining: { text: string; in: string; with: string[] }[];
}

export interface SeriesReport {
	source: string;
	version: number;
	/** Numbers of patches of this series by the catalogue's number; null where it has none. */
	matches: { number: number; catalogue: number | null; subject: string; place: string }[];
	isCatalogue: boolean;
	differences: string[];
	/** What another version has more, less or otherwise, by definition. */
	came: { path: string; name: string }[];
	went: { path: string; name: string }[];
	changed: { path: string; name: string; text: string }[];
	hunks: SeriesHunkReport[];
	skipped: Series['skipped'];
}

const C_WORDS = new Set(
	(
		'if else for while do switch case default break continue return goto sizeof typeof struct union enum const static inline void ' +
		'int unsigned long short char bool u8 u16 u32 u64 s8 s16 s32 s64 __be16 __be32 __u8 __u16 __u32 NULL true false likely unlikely ' +
		'READ_ONCE WRITE_ONCE rcu_dereference rcu_read_lock rcu_read_unlock EXPORT_SYMBOL_GPL EXPORT_SYMBOL define ifdef endif include ' +
		'register extern volatile size_t err ret i n j memset __always_inline noinline container_of list_for_each_entry list lock unlock ' +
		'WARN_ON_ONCE WARN_ON BUG_ON memcpy ARRAY_SIZE offsetof dev skb net'
	).split(' '),
);

/** Names in a line of C that say something. */
function namesIn(text: string): string[] {
	const t = text.replace(/"(?:\\.|[^"\\])*"|\/\*.*?\*\/|\/\/.*$/g, ' ');
	if (/^\s*(?:\/\*|\*)/.test(text)) return [];
	return [...new Set(t.match(/[A-Za-z_]\w*/g) ?? [])].filter(
		(w) => !C_WORDS.has(w) && w.length > 1,
	);
}

/** The definition that a line at the left edge begins, if it does. */
export function definitionAt(text: string): string | null {
	if (text.length > 1000) return null;
	const define = /^#\s*define\s+(\w+)/.exec(text);
	if (define !== null) return define[1];
	const type = /^(?:typedef\s+)?(?:struct|union|enum)\s+(\w+)\s*\{/.exec(text);
	if (type !== null) return type[1];
	const variable = /^(?:\w+[\s*]+)+?(\w+)(?:\[[^\]]*\])*(?:\s+__\w+)*\s*=/.exec(text);
	if (variable !== null) return variable[1];
	if (/^[A-Za-z_]/.test(text) && !/^(?:EXPORT|MODULE|else|case|default|goto)\w*/.test(text)) {
		const fn = /^(?:\w+[\s*]+)*?(\w+)\(/.exec(text);
		if (fn !== null) return fn[1];
	}
	return null;
}

/** Gives every changed line of a hunk its definition. */
export function placeLines(hunk: SeriesHunk, path: string): PlacedLine[] {
	const out: PlacedLine[] = [];
	let at = definitionAt(hunk.heading) ?? '';
	const script = !/\.[ch]$/.test(path);
	// blank lines that are added before a definition belong to it
	let waiting: PlacedLine[] = [];
	for (const l of hunk.lines) {
		if (script) {
			if (l.type !== 'normal') out.push({ type: l.type, text: l.text, in: '' });
			continue;
		}
		const begins = definitionAt(l.text);
		if (begins !== null) {
			at = begins;
			for (const w of waiting) w.in = at;
		}
		waiting = [];
		if (l.type !== 'normal') {
			const placed: PlacedLine = { type: l.type, text: l.text, in: at };
			out.push(placed);
			if (l.text.trim() === '' || (begins === null && at === ''))
				waiting.push(placed);
		}
		if (
			/^\}/.test(l.text) ||
			/^#define\b.*[^\\]$/.test(l.text) ||
			(begins !== null && /;\s*$/.test(l.text))
		)
			at = '';
	}
	return out;
}

/** Text of the port's definition at path:line. */
function textOf(place: string, index: PortIndex): string {
	const m = /^(.*):(\d+)$/.exec(place);
	if (m === null) return '';
	const file = index.files.get(m[1]);
	if (file === undefined) return '';
	const line = Number(m[2]);
	const lines = file.text.split('\n');
	const def =
		file.functions.find((f) => f.line <= line && line <= f.end) ??
		file.types.find((f) => f.line <= line && line <= f.end) ??
		file.consts.find((f) => f.line <= line && line <= f.end);
	if (def === undefined) return lines[line - 1] ?? '';
	let from = def.line - 1;
	while (from > 0 && /^\s*(?:\*|\/\*)/.test(lines[from - 1] ?? '')) from--;
	return lines.slice(from, def.end).join('\n');
}

/** Names that the port spells in another way, for the line by line comparison. */
const SPELLING: Record<string, string[]> = {
	nf_flow_route: ['nf_flow_route', 'nf_flow_route_tuple'],
	in_vlan: ['in_vlan', 'in_vlan_id', 'in_vlan_proto', 'set_in_vlan'],
	__hash: ['w_vlan1proto'],
	ndo_fill_forward_path: ['ndo_fill_forward_path'],
	ETH_ALEN: ['ETH_ALEN', '6', 'ether_addr_copy'],
};

function compareHunk(
	patch: SeriesPatch,
	file: SeriesFile,
	index: number,
	catalogue: Catalogue,
	port: PortIndex,
	match: CataloguePatch | null,
): SeriesHunkReport {
	const hunk = file.hunks[index];
	const placed = placeLines(hunk, file.path);
	const known = match?.files.find((f) => f.path === file.path)?.hunks[index];
	const same =
		known !== undefined &&
		known.old[0] === hunk.old[0] &&
		known.old[1] === hunk.old[1] &&
		known.new[1] === hunk.new[1];
	const own = [
		...new Set(placed.filter((l) => l.text.trim() !== '').map((l) => l.in)),
	].filter((n) => n !== '');
	// what the lines do not say (a member's struct above the hunk, a script), the catalogue does
	const defs = same ? known.defs : own;
	const answers = defs.map((d) => answerFor(d, file.path, port, catalogue));
	const home = port.files.get(file.path.replace(/\.(?:[ch]|sh)$/, '.ts'));
	const texts = answers.filter((a) => a.place !== '').map((a) => textOf(a.place, port));
	const all = texts.join('\n');
	const has = (text: string, name: string): boolean =>
		(SPELLING[name] ?? [name]).some((n) =>
			new RegExp(`(?<![\\w])${n}(?![\\w])`).test(text),
		);
	// what another hunk of the file adds again has only moved
	const kept = new Set(
		file.hunks
			.flatMap((h) => h.lines)
			.filter((l) => l.type !== 'del')
			.flatMap((l) => namesIn(l.text)),
	);
	const report: SeriesHunkReport = {
		patch: patch.number,
		path: file.path,
		index: index + 1,
		old: hunk.old,
		new: hunk.new,
		defs,
		answers,
		unanswered: [],
		remaining: [],
	};
	const explained = answers.length > 0 && answers.every((a) => a.status === 'not ported');
	for (const l of placed) {
		if (explained || file.path.endsWith('.sh')) continue;
		const names = namesIn(l.text);
		if (names.length === 0) continue;
		if (l.type === 'add') {
			const text =
				home === undefined ? all : `${all}\n${definitionText(home, l.in)}`;
			const without = names.filter((n) => !has(text, n) && n !== l.in);
			if (without.length > names.length / 2)
				report.unanswered.push({ text: l.text, in: l.in, without });
		} else {
			const gone = names.filter((n) => !kept.has(n));
			const still = gone.filter(
				(n) => n.length > 3 && has(stripComments(all), n),
			);
			if (
				gone.length > 0 &&
				still.length === gone.length &&
				!isLaterBack(catalogue, gone)
			)
				report.remaining.push({ text: l.text, in: l.in, with: still });
		}
	}
	return report;
}

/** True when the names belong to definitions that another patch of the series makes or changes. */
function isLaterBack(catalogue: Catalogue, names: readonly string[]): boolean {
	const all = new Set(
		catalogue.patches.flatMap((p) =>
			p.files.flatMap((f) =>
				f.items.flatMap((i) => [
					i.name,
					...(i.fieldsAdded ?? []),
					...(i.params ?? []),
				]),
			),
		),
	);
	return names.every((n) => [...all].some((a) => a === n || a.endsWith(`.${n}`)));
}

function stripComments(text: string): string {
	return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ');
}

function definitionText(
	file: {
		text: string;
		functions: { name: string; line: number; end: number }[];
		types: { name: string; line: number; end: number }[];
	},
	name: string,
): string {
	const d =
		file.functions.find((f) => f.name === name) ??
		file.types.find((f) => f.name === name);
	return d === undefined
		? ''
		: file.text
				.split('\n')
				.slice(d.line - 1, d.end)
				.join('\n');
}

interface Touched {
	/** Parameters, where the lines show all of them. */
	params: string[] | null;
}

/** Parameters of the function that begins at `lines[from]`; null where it is no whole head. */
function headParams(lines: readonly string[], from: number, name: string): string[] | null {
	let text = '';
	for (let i = from; i < lines.length && i < from + 20; i++) {
		text += `${lines[i]}\n`;
		const at = text.indexOf(`${name}(`);
		if (at < 0) return null;
		let depth = 0;
		for (let k = at + name.length; k < text.length; k++) {
			if (text[k] === '(') depth++;
			else if (text[k] === ')' && --depth === 0)
				return paramNames(text.slice(at + name.length + 1, k));
		}
	}
	return null;
}

/** Definitions that a series touches, by file. */
function touchedBy(patches: readonly SeriesPatch[]): Map<string, Map<string, Touched>> {
	const out = new Map<string, Map<string, Touched>>();
	for (const p of patches)
		for (const f of p.files) {
			if (!/\.[ch]$/.test(f.path)) continue;
			let at = out.get(f.path);
			if (at === undefined) out.set(f.path, (at = new Map<string, Touched>()));
			for (const h of f.hunks) {
				for (const l of placeLines(h, f.path)) {
					if (
						l.in === '' ||
						l.text.trim() === '' ||
						/^\s*(?:\/\*|\*)/.test(l.text)
					)
						continue;
					if (!at.has(l.in)) at.set(l.in, { params: null });
				}
				const after = h.lines
					.filter((l) => l.type !== 'del')
					.map((l) => l.text);
				after.forEach((text, i) => {
					const name = definitionAt(text);
					const known = name === null ? undefined : at.get(name);
					if (name === null || known === undefined) return;
					known.params = headParams(after, i, name) ?? known.params;
				});
			}
		}
	return out;
}

/** Compares a series with the catalogue, and its hunks with the port. */
export function compareSeries(
	series: Series,
	catalogue: Catalogue,
	index: PortIndex,
): SeriesReport {
	const report: SeriesReport = {
		source: series.source,
		version: series.patches[0].version,
		matches: [],
		isCatalogue: false,
		differences: [],
		came: [],
		went: [],
		changed: [],
		hunks: [],
		skipped: series.skipped,
	};
	const fault = (text: string): void => {
		report.differences.push(text);
	};
	const total = catalogue.patches.length;
	if (series.cover !== null && series.cover.subject !== catalogue.cover.subject)
		fault(
			`${series.cover.place}: the cover letter is ${JSON.stringify(series.cover.subject)}`,
		);
	for (const p of series.patches) {
		const match = catalogue.patches.find((c) => c.subject === p.subject) ?? null;
		report.matches.push({
			number: p.number,
			catalogue: match?.number ?? null,
			subject: p.subject,
			place: p.place,
		});
		if (match === null)
			fault(
				`${p.place}: no patch of v3 has the subject ${JSON.stringify(p.subject)}`,
			);
		else {
			if (match.number !== p.number)
				fault(
					`${p.place}: patch ${p.number} is v3's ${match.number}/${total}`,
				);
			compareFiles(p, match, fault);
		}
		for (const f of p.files)
			f.hunks.forEach((_, i) =>
				report.hunks.push(compareHunk(p, f, i, catalogue, index, match)),
			);
	}
	const single = series.patches.length === 1 && series.cover === null;
	if (!single)
		for (const c of catalogue.patches)
			if (!report.matches.some((m) => m.catalogue === c.number))
				fault(
					`${series.source}: patch ${c.number}/${total} of v3 is not here: ${c.subject}`,
				);
	const version = Number(/\bv(\d+)\b/.exec(catalogue.title)?.[1] ?? 1);
	if (report.version !== version)
		fault(
			`${series.patches[0].place}: v${report.version}, the catalogue is of v${version}`,
		);
	if (!single) {
		const ours = touchedBy(series.patches);
		for (const [path, defs] of ours)
			for (const [name, d] of defs) {
				const items = catalogue.patches
					.flatMap((p) => p.files)
					.filter((f) => f.path === path)
					.flatMap((f) => f.items)
					.filter(
						(i) =>
							i.name.split('.')[0] === name ||
							(i.values ?? []).some(([v]) => v === name),
					);
				if (items.length === 0) report.came.push({ path, name });
				const params = items
					.filter((i) => i.params !== undefined)
					.at(-1)?.params;
				if (
					params !== undefined &&
					d.params !== null &&
					params.join() !== d.params.join()
				)
					report.changed.push({
						path,
						name,
						text: `parameters (${d.params.join(', ')}), in v3 (${params.join(', ')})`,
					});
			}
		for (const p of catalogue.patches)
			for (const f of p.files)
				for (const i of f.items) {
					const name = i.name.split('.')[0];
					if (
						i.kind === 'script-section' ||
						report.went.some(
							(w) => w.name === name && w.path === f.path,
						)
					)
						continue;
					if (
						ours.get(f.path)?.has(name) !== true &&
						!isMember(ours, f.path)
					)
						report.went.push({ path: f.path, name });
				}
	}
	for (const c of report.came) fault(`${clean(c.path)}: ${clean(c.name)} is not in v3`);
	for (const c of report.went) fault(`${c.path}: ${c.name} of v3 is not here`);
	for (const c of report.changed) fault(`${clean(c.path)}: ${clean(c.name)}: ${c.text}`);
	report.isCatalogue = report.differences.length === 0;
	for (const h of report.hunks)
		for (const a of h.answers)
			if (a.status === 'missing' && report.isCatalogue)
				fault(
					`patch ${h.patch} ${h.path} hunk ${h.index}: ${a.name} is missing in the port`,
				);
	return report;
}

/** A struct whose hunks only show members: nothing in them names it. */
function isMember(ours: ReadonlyMap<string, ReadonlyMap<string, unknown>>, path: string): boolean {
	return path.endsWith('.h') && ours.has(path);
}

/** Compares files, numbers of lines and hunks of a patch with the catalogue's. */
function compareFiles(p: SeriesPatch, match: CataloguePatch, fault: (text: string) => void): void {
	for (const m of match.files) {
		const f = p.files.find((x) => x.path === m.path);
		if (f === undefined) {
			fault(`${p.place}: does not change ${m.path}, v3 does`);
			continue;
		}
		if (f.added !== m.added || f.removed !== m.removed)
			fault(
				`${p.place}: ${m.path}: +${f.added} -${f.removed}, in v3 +${m.added} -${m.removed}`,
			);
		if (f.hunks.length !== m.hunks.length)
			fault(
				`${p.place}: ${m.path}: ${f.hunks.length} hunks, in v3 ${m.hunks.length}`,
			);
		else
			f.hunks.forEach((h, i) => {
				const k = m.hunks[i];
				if (h.old.join() !== k.old.join() || h.new.join() !== k.new.join())
					fault(
						`${p.place}: ${m.path} hunk ${i + 1}: -${h.old.join(',')} +${h.new.join(',')}, in v3 -${k.old.join(',')} +${k.new.join(',')}`,
					);
			});
	}
	for (const f of p.files)
		if (!match.files.some((m) => m.path === f.path))
			fault(`${p.place}: changes ${clean(f.path)}, v3 does not`);
}

/** The comparison as text. */
export function printSeries(report: SeriesReport, catalogue: Catalogue): string {
	const out: string[] = [];
	for (const s of report.skipped) out.push(`skipped ${s.place}: ${s.why}: ${s.subject}`);
	for (const m of report.matches)
		out.push(
			`patch ${m.number}: ${m.subject} (${m.place})${m.catalogue === null ? ': not in v3' : ''}`,
		);
	const rows: string[][] = [];
	for (const h of report.hunks) {
		rows.push([
			`${h.patch} ${clean(h.path)} -${h.old.join(',')} +${h.new.join(',')}`,
			h.answers.length === 0
				? 'no definition of v3'
				: h.answers
						.map(
							(a) =>
								`${clean(a.name)} ${a.status}${a.place === '' ? '' : ` ${a.place}`}`,
						)
						.join('; '),
		]);
	}
	out.push('', table(rows), '');
	const lines = report.hunks.flatMap((h) => [
		...h.unanswered.map(
			(u) =>
				`  +${clean(u.text)}  [${h.patch} ${clean(u.in)}: without ${u.without.join(' ')}]`,
		),
		...h.remaining.map(
			(u) =>
				`  -${clean(u.text)}  [${h.patch} ${clean(u.in)}: still ${u.with.join(' ')}]`,
		),
	]);
	if (lines.length > 0) out.push('lines without a counterpart:', ...lines, '');
	for (const c of report.came) out.push(`came: ${clean(c.path)} ${c.name}`);
	for (const c of report.went) out.push(`went: ${c.path} ${c.name}`);
	for (const c of report.changed) out.push(`changed: ${clean(c.path)} ${c.name}: ${c.text}`);
	const told = report.came.length + report.went.length + report.changed.length;
	for (const d of report.differences.slice(0, report.differences.length - told))
		out.push(clean(d));
	const added = report.hunks.length;
	out.push(
		report.isCatalogue
			? `series: v3, ${report.matches.length} of ${catalogue.patches.length} patches, ${added} hunks; ${lines.length} lines without a counterpart`
			: `series: not v3 (v${report.version}): ${report.differences.length} differences, ${report.came.length} definitions came, ${report.went.length} went, ${report.changed.length} changed`,
	);
	return out.join('\n');
}
