// SPDX-License-Identifier: GPL-2.0-only
// What a run looks like: on a terminal, in a file, and against an earlier file.

import { type Figure, met, type Result } from './measure.ts';

/** What a run has measured, as --json keeps it. */
export interface Run {
	version: 1;
	date: string;
	machine: string;
	clock: string;
	smoke: boolean;
	benches: Result[];
}

/** Spells a number with four digits or so. */
export function number(v: number): string {
	if (!Number.isFinite(v)) return '-';
	const a = Math.abs(v);
	if (a >= 1000) return v.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ' ');
	return v.toFixed(a >= 100 ? 1 : a >= 10 ? 2 : 3);
}

function spread(f: Figure): string {
	if (f.rounds.length < 2) return '';
	return `${number(Math.min(...f.rounds))} .. ${number(Math.max(...f.rounds))}`;
}

function bar(f: Figure): string {
	if (f.bar === undefined) return '';
	const is = met(f);
	const text = `${f.bar.op} ${number(f.bar.value)
		.replace(/(\.\d*?)0+$/, '$1')
		.replace(/\.$/, '')}`;
	return is === null ? text : `${text}  ${is ? 'met' : 'missed'}`;
}

/** Columns of text, padded. */
function columns(rows: readonly (readonly string[])[]): string[] {
	const widths = rows[0].map((_, i) => Math.max(...rows.map((r) => r[i].length)));
	return rows.map((r) =>
		r
			.map((cell, i) =>
				i === 1 || i === 3
					? cell.padStart(widths[i])
					: cell.padEnd(widths[i]),
			)
			.join('  ')
			.trimEnd(),
	);
}

/** The table of a benchmark. */
export function table(r: Result, what: string): string {
	const out = [`${r.name}: ${what}`];
	if (r.figures.length > 0)
		for (const line of columns(
			r.figures.map((f) => [f.name, number(f.value), f.unit, spread(f), bar(f)]),
		))
			out.push(`  ${line}`);
	for (const note of r.notes) out.push(`  (${note})`);
	return `${out.join('\n')}\n`;
}

/** How often the bars were met. */
export function summary(results: readonly Result[]): string {
	const all = results.flatMap((r) => r.figures.map(met)).filter((is) => is !== null);
	return `bars: ${all.filter(Boolean).length} met, ${all.filter((is) => !is).length} missed`;
}

/** Reads what --json wrote; throws a TypeError when it is something else. */
export function readRun(text: string, name: string): Run {
	let run: unknown;
	try {
		run = JSON.parse(text);
	} catch {
		throw new TypeError(`${name}: not JSON`);
	}
	if (!isRun(run)) throw new TypeError(`${name}: not written by --json`);
	return run;
}

function isRun(v: unknown): v is Run {
	return (
		typeof v === 'object' &&
		v !== null &&
		'version' in v &&
		v.version === 1 &&
		'machine' in v &&
		typeof v.machine === 'string' &&
		'benches' in v &&
		Array.isArray(v.benches) &&
		v.benches.every(isResult)
	);
}

function isResult(v: unknown): v is Result {
	return (
		typeof v === 'object' &&
		v !== null &&
		'name' in v &&
		typeof v.name === 'string' &&
		'figures' in v &&
		Array.isArray(v.figures) &&
		v.figures.every(
			(f: unknown) =>
				typeof f === 'object' &&
				f !== null &&
				'name' in f &&
				typeof f.name === 'string' &&
				'value' in f &&
				(typeof f.value === 'number' || f.value === null),
		)
	);
}

/** Figures of a run against those of an earlier one: this run's over the other's. */
export function comparison(run: Run, base: Run): string {
	const out = [`against ${base.date}, ${base.machine}`];
	if (base.machine !== run.machine) out.push('  (another machine)');
	const rows: string[][] = [];
	for (const r of run.benches) {
		const old = base.benches.find((b) => b.name === r.name);
		if (old === undefined) continue;
		for (const f of r.figures) {
			const before = old.figures.find((g) => g.name === f.name);
			if (before === undefined)
				rows.push([
					`${r.name}: ${f.name}`,
					number(f.value),
					f.unit,
					'',
					'new',
				]);
			else {
				const x = f.value / before.value;
				const better = f.more ? x > 1 : x < 1;
				const word =
					!Number.isFinite(x) || x === 1
						? ''
						: better
							? 'better'
							: 'worse';
				rows.push([
					`${r.name}: ${f.name}`,
					number(f.value),
					f.unit,
					`${number(before.value)} before`,
					`${number(x)} x  ${word}`,
				]);
			}
		}
		for (const g of old.figures)
			if (!r.figures.some((f) => f.name === g.name))
				rows.push([
					`${r.name}: ${g.name}`,
					'-',
					g.unit,
					`${number(g.value)} before`,
					'gone',
				]);
	}
	if (rows.length === 0) out.push('  (no benchmark in common)');
	else for (const line of columns(rows)) out.push(`  ${line}`);
	return `${out.join('\n')}\n`;
}
