// SPDX-License-Identifier: GPL-2.0-only
// The table on a terminal, and as data.

import process from 'node:process';
import type { answer } from './probe.ts';
import type { row } from './rows.ts';
import { LAST, type patch } from './series.ts';

/** A cell that is another one than the state before had. */
export interface change {
	row: row;
	from: string;
	to: string;
	/** States between which it changed. */
	before: number;
	after: number;
}

/** All changes of colour, by the state that has the new one. */
export function changesOf(rows: readonly row[], states: readonly number[]): change[] {
	const out: change[] = [];
	for (let i = 1; i < states.length; i++)
		for (const r of rows) {
			const [before, after] = [states[i - 1], states[i]];
			const [from, to] = [r.cells.get(before)!, r.cells.get(after)!];
			if (from !== to) out.push({ row: r, from, to, before, after });
		}
	return out;
}

/** The patch or patches that made a change. */
function cause(before: number, after: number, series: readonly patch[]): string {
	if (after === before + 1) return `${after}/${LAST} ${series[after - 1].subject}`;
	return `one of ${before + 1}/${LAST} to ${after}/${LAST}`;
}

const COLOURS: Record<string, number> = {
	ok: 32,
	shown: 32,
	FAIL: 31,
	not: 31,
	error: 35,
	skip: 33,
};

function coloured(cell: string, width: number): string {
	const text = cell.padStart(width);
	const c = COLOURS[cell];
	if (!process.stdout.isTTY || process.env['NO_COLOR'] !== undefined || c === undefined)
		return text;
	return `\x1b[${c}m${text}\x1b[0m`;
}

const LABEL = 76;

function cut(text: string): string {
	return text.length <= LABEL ? text.padEnd(LABEL) : `${text.slice(0, LABEL - 1)}…`;
}

/** Prints the table: patches across, tests down, and under it what each patch changed. */
export function printTable(
	rows: readonly row[],
	states: readonly number[],
	series: readonly patch[],
	out: (line: string) => void,
): void {
	const line = (label: string, cells: readonly string[]): string =>
		`${cut(label)} ${cells.join(' ')}`.trimEnd();
	out(
		line(
			'after patch',
			states.map((n) => String(n).padStart(5)),
		),
	);
	let group = '';
	for (const r of rows) {
		if (r.group !== group) {
			({ group } = r);
			out(`\n${group}`);
		}
		out(
			line(
				`  ${r.test}`,
				states.map((n) => coloured(r.cells.get(n)!, 5)),
			),
		);
	}
	const changes = changesOf(rows, states);
	out('');
	if (changes.length === 0) out(states.length > 1 ? 'nothing changes' : '');
	let after = -1;
	for (const c of changes) {
		if (c.after !== after) {
			({ after } = c);
			out(cause(c.before, c.after, series));
		}
		out(`  ${`${c.from} -> ${c.to}`.padEnd(14)} ${c.row.group}: ${c.row.test}`);
	}
}

/** The table as data. */
export function toJson(
	rows: readonly row[],
	states: readonly number[],
	series: readonly patch[],
	answers: ReadonlyMap<string, ReadonlyMap<number, answer>>,
): unknown {
	const changes = changesOf(rows, states);
	return {
		patches: series.map((p) => ({
			n: p.n,
			subject: p.subject,
			files: [...p.files.keys()],
		})),
		states,
		rows: rows.map((r) => ({
			group: r.group,
			test: r.test,
			cells: Object.fromEntries(r.cells),
			texts: Object.fromEntries(r.texts),
			changes: changes
				.filter((c) => c.row === r)
				.map((c) => ({
					from: c.from,
					to: c.to,
					patch: cause(c.before, c.after, series),
				})),
		})),
		output: Object.fromEntries(
			[...answers].flatMap(([name, of]) =>
				[...of.values()].some((a) => a.lines !== undefined)
					? [
							[
								name,
								Object.fromEntries(
									[...of].map(([n, a]) => [
										n,
										{
											rc: a.rc,
											lines: a.lines,
										},
									]),
								),
							],
						]
					: [],
			),
		),
	};
}
