// SPDX-License-Identifier: GPL-2.0-only
// The report as one page that needs nothing else: patches, the hunk, the port's answer beside it.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CFacts, readC } from './c-facts.ts';
import type { Catalogue, KernelFacts } from './catalogue.ts';
import { type Answer, answerFor, type PortIndex, type Report } from './compare.ts';
import type { Series, SeriesLine } from './mbox.ts';
import { clean } from './print.ts';
import { definitionAt, type SeriesReport } from './series.ts';

interface PageRow {
	name: string;
	/** The C text, where the user brought it. */
	lines: { type?: SeriesLine['type']; text: string }[] | null;
	answer: Answer | null;
}

interface PageHunk {
	path: string;
	old: [number, number];
	new: [number, number];
	what: string;
	/** Shown where there is no C text. */
	note: string;
	rows: PageRow[];
}

interface PagePatch {
	number: string;
	subject: string;
	hunks: PageHunk[];
}

interface PageDefinition {
	text: string;
	marks: { text: string; scenarios: string[] }[];
}

export interface PageInput {
	report: Report;
	catalogue: Catalogue;
	index: PortIndex;
	series: Series | null;
	seriesReport: SeriesReport | null;
	/** A kernel tree to read the text before the series from. */
	kernel: string | null;
	facts: KernelFacts;
}

/** Text and marks of the definition at path:line, with its docstring. */
function definitionAtPlace(place: string, index: PortIndex): PageDefinition | null {
	const m = /^(.*):(\d+)$/.exec(place);
	const file = m === null ? undefined : index.files.get(m[1]);
	if (m === null || file === undefined) return null;
	const line = Number(m[2]);
	const lines = file.text.split('\n');
	const def = [...file.functions, ...file.types, ...file.consts].find(
		(d) => d.line <= line && line <= d.end,
	);
	let from = (def?.line ?? line) - 1;
	let to = def?.end ?? line;
	// constants of one enum stand together
	if (def !== undefined && 'value' in def)
		while (/^export const \w+ = /.test(lines[to] ?? '') && to - def.line < 40) to++;
	while (from > 0 && /^\s*(?:\*|\/\*)/.test(lines[from - 1] ?? '')) from--;
	// a long class whose one member is meant: the member
	if (to - from > 120 && def !== undefined && line > def.line) {
		from = Math.max(from, line - 4);
		to = Math.min(to, line + 12);
	}
	return {
		text: lines.slice(from, to).join('\n'),
		marks: file.marks
			.filter((k) => k.kind === 'v3' && k.line > from && k.line <= to)
			.map((k) => ({ text: k.text, scenarios: k.scenarios })),
	};
}

/** The hunk's lines, cut where a definition begins. */
function rowsOf(
	lines: readonly SeriesLine[],
	heading: string,
): { name: string; lines: SeriesLine[] }[] {
	const out: { name: string; lines: SeriesLine[] }[] = [];
	let at = { name: definitionAt(heading) ?? '', lines: [] as SeriesLine[] };
	for (const l of lines) {
		const begins = definitionAt(l.text);
		if (begins !== null && begins !== at.name && at.lines.length > 0) {
			out.push(at);
			at = { name: begins, lines: [] };
		} else if (begins !== null) {
			at.name = begins;
		}
		at.lines.push(l);
	}
	out.push(at);
	// what only shows the neighbourhood goes with the part before or after it
	const merged: typeof out = [];
	for (const r of out) {
		const changed = r.lines.some((l) => l.type !== 'normal' && l.text.trim() !== '');
		const last = merged.at(-1);
		if (!changed && last !== undefined) last.lines.push(...r.lines);
		else if (
			last !== undefined &&
			!last.lines.some((l) => l.type !== 'normal' && l.text.trim() !== '')
		) {
			last.lines.push(...r.lines);
			last.name = r.name;
		} else merged.push(r);
	}
	return merged;
}

/** Patches as the user's series has them. */
function seriesPatches(input: PageInput, series: Series): PagePatch[] {
	const reports = new Map(
		(input.seriesReport?.hunks ?? []).map((h) => [
			`${h.patch} ${h.path} ${h.index}`,
			h,
		]),
	);
	return series.patches.map((p) => ({
		number: `${p.number}/${p.of === 0 ? series.patches.length : p.of}`,
		subject: clean(p.subject),
		hunks: p.files.flatMap((f) =>
			f.hunks.map((h, i) => {
				const r = reports.get(`${p.number} ${f.path} ${i + 1}`);
				const answers = r?.answers ?? [];
				const parts = rowsOf(h.lines, h.heading);
				const used = new Set<string>();
				const rows: PageRow[] = parts.map((part) => {
					const answer =
						answers.find(
							(a) =>
								a.name === part.name ||
								a.name.split('.')[0] === part.name,
						) ??
						(parts.length === 1 ? answers[0] : undefined) ??
						null;
					if (answer !== null) used.add(answer.place);
					return { name: part.name, lines: part.lines, answer };
				});
				for (const a of answers)
					if (!used.has(a.place)) {
						used.add(a.place);
						const free = rows.find((x) => x.answer === null);
						if (free !== undefined) free.answer = a;
						else
							rows.push({
								name: a.name,
								lines: [],
								answer: a,
							});
					}
				return {
					path: clean(f.path),
					old: h.old,
					new: h.new,
					what: '',
					note: '',
					rows,
				};
			}),
		),
	}));
}

/** Patches as the catalogue describes them; the text before them where a tree is at hand. */
function cataloguePatches(input: PageInput): PagePatch[] {
	const read = new Map<string, { facts: CFacts; lines: string[] } | null>();
	const source = (path: string): { facts: CFacts; lines: string[] } | null => {
		if (input.kernel === null || !/\.[ch]$/.test(path)) return null;
		let at = read.get(path);
		if (at === undefined) {
			const full = join(input.kernel, path);
			const text = existsSync(full) ? readFileSync(full, 'latin1') : null;
			at = text === null ? null : { facts: readC(text), lines: text.split('\n') };
			read.set(path, at);
		}
		return at;
	};
	return input.catalogue.patches.map((p) => ({
		number: `${p.number}/${input.catalogue.patches.length}`,
		subject: p.subject,
		hunks: p.files.flatMap((f) =>
			f.hunks.map((h) => ({
				path: f.path,
				old: h.old,
				new: h.new,
				what: h.what,
				note: 'The C text is shown when the series (--mbox) or a kernel tree (--kernel) is given.',
				rows: h.defs.map((d) => {
					const c = source(f.path);
					const base = d.split('.')[0];
					const at =
						c?.facts.functions.find(
							(x) =>
								x.name === base &&
								x.kind === 'function',
						) ??
						c?.facts.structs.find((x) => x.name === base) ??
						c?.facts.enums.find((x) => x.name === base) ??
						c?.facts.variables.find((x) => x.name === base);
					const from =
						at === undefined
							? 0
							: 'start' in at
								? Number(at.start)
								: at.line;
					return {
						name: d,
						lines:
							c === null || at === undefined
								? null
								: c.lines
										.slice(
											from - 1,
											at.end,
										)
										.map((text) => ({
											text,
										})),
						answer: answerFor(
							d,
							f.path,
							input.index,
							input.catalogue,
						),
					};
				}),
			})),
		),
	}));
}

/** JSON that may stand in a script element. */
function embed(value: unknown): string {
	return JSON.stringify(value)
		.replaceAll('<', '\\u003c')
		.replaceAll('>', '\\u003e')
		.replaceAll('&', '\\u0026')
		.replaceAll('\u2028', '\\u2028')
		.replaceAll('\u2029', '\\u2029');
}

const escape = (text: string): string =>
	text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;');

/** Makes the page. */
export function makePage(input: PageInput): string {
	const own = (name: string): string =>
		readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8');
	const patches =
		input.series === null
			? cataloguePatches(input)
			: seriesPatches(input, input.series);
	const places: Record<string, string> = {};
	for (const file of input.index.files.values())
		for (const f of file.functions)
			if (f.exported || !(f.name in places))
				places[f.name] = `${file.path}:${f.line}`;
	const defs: Record<string, PageDefinition> = {};
	const add = (place: string): void => {
		if (place === '' || place in defs) return;
		const d = definitionAtPlace(place, input.index);
		if (d !== null) defs[place] = d;
	};
	for (const p of patches)
		for (const h of p.hunks) for (const r of h.rows) add(r.answer?.place ?? '');
	// what they call, so that a click shows it
	const calls = (text: string): void => {
		for (const m of text.matchAll(/\b([A-Za-z_]\w*)\(/g))
			if (Object.hasOwn(places, m[1])) add(places[m[1]]);
	};
	for (const d of Object.values({ ...defs })) calls(d.text);
	for (const p of patches)
		for (const h of p.hunks)
			for (const r of h.rows) for (const l of r.lines ?? []) calls(l.text);
	const title =
		input.series === null
			? input.report.title
			: `${input.series.patches.length} patches beside the port`;
	const script = own('page.js');
	const style = own('page.css');
	const hash = (text: string): string =>
		`'sha256-${createHash('sha256').update(text).digest('base64')}'`;
	const data = { title, patches, defs, places, scenarios: input.catalogue.scenarios };
	return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(clean(title))}</title>
<style>${style}</style>
<body>
<header><h1>${escape(clean(title))}</h1><span id="said" role="status"></span><input type="search" placeholder="search: /" aria-label="search"><span><kbd>j</kbd> <kbd>k</kbd> patch <kbd>n</kbd> <kbd>p</kbd> hunk</span></header>
<nav aria-label="patches"></nav>
<main></main>
<script type="application/json" id="data">${embed(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}
