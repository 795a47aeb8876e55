// SPDX-License-Identifier: GPL-2.0-only
// The report as text.

import type { Catalogue } from './catalogue.ts';
import type { FileReport, FunctionRow, Report, Status } from './compare.ts';

/** Takes control characters out of a text that came from outside, so that a terminal only shows it. */
export function clean(text: string): string {
	return text.replaceAll('\t', ' ').replace(/[\p{Cc}\p{Cf}]/gu, '\u00b7');
}

/** Lays rows out in columns, two spaces between; the last column is not padded. */
export function table(rows: readonly (readonly string[])[], indent = ''): string {
	const widths: number[] = [];
	for (const r of rows)
		r.slice(0, -1).forEach((c, i) => {
			widths[i] = Math.min(60, Math.max(widths[i] ?? 0, c.length));
		});
	return rows
		.map(
			(r) =>
				indent +
				r
					.map((c, i) =>
						i < r.length - 1 ? c.padEnd(widths[i] ?? 0) : c,
					)
					.join('  ')
					.trimEnd(),
		)
		.join('\n');
}

const span = (at: readonly [number, number]): string => `${at[0]},${at[1]}`;

/** The table of one patch: its hunks and where each went. */
function patchTable(report: Report, catalogue: Catalogue, number: number): string {
	const patch = catalogue.patches.find((p) => p.number === number)!;
	const rows: string[][] = [];
	let path = '';
	for (const h of report.hunks.filter((x) => x.patch === number)) {
		if (h.path !== path) {
			path = h.path;
			rows.push([`  ${path}`]);
		}
		h.answers.forEach((a, i) => {
			const as = a.as === '' ? '' : ` as ${a.as}`;
			const why = a.reason === '' ? '' : `: ${a.reason}`;
			rows.push([
				i === 0 ? `    -${span(h.old)} +${span(h.new)}` : '',
				a.name,
				a.place,
				a.status + as + why,
			]);
		});
	}
	const cells = rows.filter((r) => r.length > 1);
	const text = table(cells).split('\n');
	let k = 0;
	const lines = rows.map((r) => (r.length > 1 ? text[k++] : r[0]));
	return `patch ${number}/${catalogue.patches.length}: ${patch.subject}\n${lines.join('\n')}`;
}

function count(rows: readonly FunctionRow[], status: Status): number {
	return rows.filter((r) => r.status === status).length;
}

/** One line of numbers for a file. */
function fileSummary(f: FileReport): string {
	const differ = f.functions.filter(
		(r) => r.paramsNote !== '' && r.status !== 'not ported',
	).length;
	const parts = [
		`${count(f.functions, 'ported')} ported`,
		`${count(f.functions, 'moved')} moved`,
		`${count(f.functions, 'renamed')} renamed`,
		`${count(f.functions, 'PORT')} PORT`,
		`${count(f.functions, 'not ported')} not ported`,
		`${count(f.functions, 'missing')} missing`,
		`${differ} with other parameters`,
		`${f.structs.length} structs`,
		`${f.constants.length} constants`,
	].filter((p) => !p.startsWith('0 '));
	return parts.join(', ');
}

/** One mirrored file in full: functions in the order of C, structs, constants. */
export function fileTable(f: FileReport): string {
	const out = [
		`${f.path} (${f.kernel.length === 0 ? 'no kernel file' : f.kernel.join(', ')}): ${fileSummary(f)}`,
	];
	const absent = new Map<string, string[]>();
	const rows: string[][] = [];
	for (const r of f.functions) {
		if (r.status === 'not ported') {
			const at = absent.get(r.reason);
			if (at === undefined) absent.set(r.reason, [r.name]);
			else at.push(r.name);
			continue;
		}
		rows.push([
			r.kernelLine > 0 ? String(r.kernelLine).padStart(6) : '     -',
			r.name,
			r.place,
			r.isStatic ? 'static' : 'global',
			r.exported ? 'exported' : r.place === '' ? '' : 'local',
			[
				r.status,
				r.patches.length > 0 ? `patches ${r.patches.join(' ')}` : '',
				r.reason,
				r.paramsNote === '' ? '' : `parameters: ${r.paramsNote}`,
			]
				.filter(Boolean)
				.join('; '),
		]);
	}
	if (rows.length > 0) out.push(table(rows, '  '));
	for (const [reason, names] of absent)
		out.push(`  not ported (${clean(reason)}): ${names.join(' ')}`);
	for (const s of f.structs)
		out.push(
			`  struct ${s.name}:${s.kernelLine} ${s.place}: ${s.common.length} members${s.ordered ? ' in order' : ', ANOTHER ORDER'}` +
				(s.absent.length > 0 ? `; without ${s.absent.join(' ')}` : '') +
				(s.extra.length > 0 ? `; PORT ${s.extra.join(' ')}` : '') +
				s.types
					.filter((m) => !m.holds)
					.map((m) => `; ${m.name} is ${m.port}, in C ${m.c}`)
					.join(''),
		);
	const unequal = f.constants.filter((c) => c.value === null);
	if (f.constants.length > 0)
		out.push(
			`  ${f.constants.length} constants as in C` +
				(unequal.length > 0
					? `; not compared: ${unequal.map((c) => c.name).join(' ')}`
					: ''),
		);
	return out.join('\n');
}

/**
 * The report as text.
 * @param full files to print in full: those that a patch touches, those named, or all
 */
export function printReport(
	report: Report,
	catalogue: Catalogue,
	options: { all: boolean; paths: readonly string[] },
): string {
	const out: string[] = [report.title, ''];
	for (const p of catalogue.patches) out.push(patchTable(report, catalogue, p.number), '');
	const counts = new Map<Status, number>();
	for (const h of report.hunks) counts.set(h.status, (counts.get(h.status) ?? 0) + 1);
	const added = report.added.filter((a) => a.status !== 'missing').length;
	out.push(
		`hunks: ${report.hunks.length}, ${[...counts].map(([s, n]) => `${n} ${s}`).join(', ')}; new functions: ${added} of ${report.added.length} here`,
		'',
	);
	for (const f of report.files) {
		const touched = catalogue.patches.some((p) =>
			p.files.some((x) => f.kernel.includes(x.path)),
		);
		const named = options.paths.some((p) => f.path.includes(p));
		if (
			options.all ||
			named ||
			(options.paths.length === 0 &&
				touched &&
				f.path !== 'net/core/dev.ts' &&
				f.path !== 'include/linux/netdevice.ts')
		)
			out.push(fileTable(f));
		else if (options.paths.length === 0) out.push(`${f.path}: ${fileSummary(f)}`);
	}
	out.push('');
	const marks = report.marks.filter(
		(m) => options.paths.length === 0 || options.paths.some((p) => m.path.includes(p)),
	);
	out.push('v3:');
	for (const m of marks.filter((x) => x.kind === 'v3'))
		out.push(
			`  ${m.path}:${m.line}  ${m.in}  ${m.text}` +
				m.scenarios
					.map(
						(s) =>
							` [${s}: ${catalogue.scenarios[s] ?? 'unknown'}]`,
					)
					.join(''),
		);
	const port = marks.filter((x) => x.kind === 'PORT');
	out.push(`PORT: ${port.length}`);
	for (const m of port)
		out.push(`  ${m.path}:${m.line}  ${m.in === '' ? '(file)' : m.in}  ${m.text}`);
	out.push('', summary(report));
	return out.join('\n');
}

/** The closing lines: what is unexplained, and the numbers. */
export function summary(report: Report): string {
	const f = report.files.flatMap((x) => x.functions);
	const out = report.drifts.map((d) => `${d.path}:${d.line}: ${clean(d.text)}`);
	out.push(
		`xref: ${report.hunks.length} hunks, ${report.hunks.filter((h) => h.status === 'missing').length} missing; ` +
			`${report.files.length} files, ${count(f, 'ported') + count(f, 'moved') + count(f, 'renamed')} functions of C here, ` +
			`${count(f, 'PORT')} of the port's own, ${count(f, 'not ported')} not ported; ` +
			`${report.drifts.length} unexplained`,
	);
	return out.join('\n');
}
