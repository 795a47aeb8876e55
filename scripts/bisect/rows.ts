// SPDX-License-Identifier: GPL-2.0-only
// The rows of the table: which tests there are, how they are run against a state, and how what they print comes
// down to one word a state.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { experiments } from '../../tools/testing/selftests/netfilter/review/all.ts';
import type { builder, programs } from './build.ts';
import type { answer } from './probe.ts';
import { run } from './series.ts';

/** A row of the table. */
export interface row {
	group: string;
	test: string;
	/** By state: `ok`, `FAIL`, `skip`; `shown`, `not`, `error`; `-` for nothing. */
	cells: Map<number, string>;
	/** What stands behind a cell. */
	texts: Map<number, string>;
}

/** Something that is run against a state as a whole. */
export interface test {
	/** What --only looks at. */
	name: string;
	group: string;
	/** Of a script: its path and arguments. */
	script?: { path: string; args: readonly string[] };
}

const PORTED = 'nft_flowtable.sh, ported';
const PORTED_9 = 'nft_flowtable.sh, ported, as 9/9 has it';
const TESTBED = "the cover letter's testbed";
const REVIEW = 'review';

const SCRIPTS: readonly { release: string; script: string; args: readonly string[] }[] = [
	{ release: 'v3', script: 'netfilter/nft_flowtable.sh', args: [] },
	{ release: '6.1', script: 'netfilter/nft_flowtable.sh', args: [] },
	{
		release: '6.12',
		script: 'net/netfilter/nft_flowtable.sh',
		args: ['-o', '9000', '-l', '1500', '-r', '2000'],
	},
	{ release: '6.1', script: 'netfilter/nft_nat.sh', args: [] },
	{ release: '6.12', script: 'net/forwarding/router_bridge_vlan.sh', args: [] },
];

/** The kernel's scripts that are at hand: in SIMNS_SCRIPTS, or in the cache that their own test fills. */
function scripts(): test[] {
	const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'simns');
	const from = process.env['SIMNS_SCRIPTS'] ?? cache;
	return SCRIPTS.flatMap(({ release, script, args }) => {
		const path = join(from, release, 'tools/testing/selftests', script);
		const name = `${release} ${basename(script)}`;
		return existsSync(path)
			? [{ name, group: `${name}, unmodified`, script: { path, args } }]
			: [];
	});
}

/** All tests there are. */
export function allTests(): test[] {
	return [
		{ name: 'nft_flowtable', group: PORTED },
		{ name: 'nft_flowtable-9', group: PORTED_9 },
		{ name: 'testbed', group: TESTBED },
		...scripts(),
		...experiments.map((e) => ({ name: e.id, group: REVIEW })),
	];
}

/** Runs tests in a state's probe; what the same program has answered before is not asked again. */
export async function runProbe(
	b: builder,
	p: programs,
	names: readonly string[],
): Promise<answer[]> {
	const question = (name: string): string[] => [p.probeHash, name];
	const open = names.filter((name) => !b.knows(question(name)));
	const fresh = new Map<string, answer>();
	if (open.length > 0) {
		const r = await run(process.execPath, [p.probe, ...open]);
		for (const l of r.out.split('\n'))
			if (l.startsWith('{')) {
				const a = JSON.parse(l) as answer;
				fresh.set(a.test, a);
			}
		if (fresh.size !== open.length)
			throw new Error(
				`${open[fresh.size]} ended the state's program, exit code ${r.rc}: ${r.err.trim().slice(-2000)}`,
			);
	}
	return Promise.all(
		names.map((name) => b.answered(question(name), async () => fresh.get(name)!)),
	);
}

/** Texts that a script is made of, as far as they lie beside it. */
function scriptTexts(path: string): string[] {
	const libs = [dirname(path), dirname(dirname(path))].flatMap((dir) =>
		readdirSync(dir)
			.filter((f) => f.endsWith('lib.sh'))
			.map((f) => join(dir, f)),
	);
	return [path, ...libs].map((f) => readFileSync(f, 'latin1'));
}

/** Runs a script of the kernel on a state; answers the verdicts that it printed. */
export function runScript(b: builder, p: programs, t: test): Promise<answer> {
	const { path, args } = t.script!;
	return b.answered([p.simnsHash, t.name, ...args, ...scriptTexts(path)], async () => {
		const r = await run(
			'/bin/sh',
			[
				'-c',
				'exec "$0" "$@" 2>&1',
				process.execPath,
				p.simns,
				'run',
				'--timeout',
				'300',
				path,
				...args,
			],
			{ cwd: dirname(path) },
		);
		return {
			test: t.name,
			rc: r.rc,
			lines: r.out.split('\n').filter((l) => VERDICT.test(l)),
		};
	});
}

const VERDICT = /^(PASS|OK|FAIL|ERROR|SKIP|TEST)\b/;

/** Verdict lines with random names and counts folded, for comparison with a recording. */
export function folded(lines: readonly string[]): string[] {
	return lines
		.filter((l) => VERDICT.test(l))
		.map((l) =>
			l
				.replaceAll(/\b(ns\w*)-\w{8}\b/g, '$1-X')
				.replaceAll(/\b\d{2,}\b/g, 'N')
				.trimEnd(),
		);
}

function word(verdict: string): string {
	return verdict === 'PASS' || verdict === 'OK' ? 'ok' : verdict === 'SKIP' ? 'skip' : 'FAIL';
}

/** What a line of a script judges, the same whether it passes or fails. */
function subject(text: string): string {
	return text
		.replace(/: (original|reply) counter.*$/, '')
		.replaceAll(/\b(ns\w*)-\w{8}\b/g, '$1')
		.replace('flow offloaded for', 'flow offload for')
		.replace(/ +/g, ' ')
		.replace(/[: ]+$/, '');
}

/** Verdicts of a script's lines, in their order; what says more about another line is left out. */
export function scriptVerdicts(
	lines: readonly string[],
): { key: string; cell: string; text: string }[] {
	const out: { key: string; cell: string; text: string }[] = [];
	for (const l of lines) {
		if (/file mismatch|^FAIL: nftables v/.test(l)) continue;
		const bracket = /^TEST: (.*\S)\s+\[\s*(\w+)\s*\]$/.exec(l);
		const m = bracket ?? /^(PASS|OK|FAIL|ERROR|SKIP): (.*)$/.exec(l);
		if (m === null) continue;
		const key = subject(bracket === null ? m[2] : m[1]);
		const cell = word(bracket === null ? m[1] : m[2]);
		/* both counters of one check */
		if (cell === 'FAIL' && out.at(-1)?.key === key && out.at(-1)?.cell === 'FAIL')
			continue;
		out.push({ key, cell, text: l.trimEnd() });
	}
	return out;
}

/** Verdicts of a ported selftest's lines: those of the script, and those beside it. */
function portedVerdicts(lines: readonly string[]): { key: string; cell: string; text: string }[] {
	const beside = /^(offload|ipsec): (ok|FAIL): (?!saw |no flow)(.*)$/;
	return lines.flatMap((l) => {
		const m = beside.exec(l);
		if (m === null) return scriptVerdicts([l]);
		const key =
			m[1] === 'ipsec'
				? 'ipsec: nothing in clear'
				: `offload: ${m[3].replace(/: .*$/, '')}`;
		return [{ key, cell: m[2], text: l }];
	});
}

/** Runs of the testbed: one for each kind of tagging and set of devices. */
function testbedVerdicts(lines: readonly string[]): { key: string; cell: string; text: string }[] {
	const runs = new Map<string, { good: number; bad: string[] }>();
	for (const l of lines) {
		const m = /^(PASS|FAIL): (ipv[46] \w+), (.*?)(?:: (.*))?$/.exec(l);
		if (m === null) continue;
		const r = runs.get(m[3]) ?? { good: 0, bad: [] };
		runs.set(m[3], r);
		if (m[1] === 'PASS') r.good++;
		else r.bad.push(`${m[2]}: ${m[4]}`);
	}
	return [...runs].map(([key, { good, bad }]) => ({
		key,
		cell: good === 4 ? 'ok' : 'FAIL',
		text: bad.length === 0 ? 'ipv4 and ipv6, udp and tcp' : bad.join('; '),
	}));
}

/** The table while it is filled. */
export class table {
	readonly rows: row[] = [];

	#row(group: string, name: string, after: row | null): row {
		const found = this.rows.find((r) => r.group === group && r.test === name);
		if (found !== undefined) return found;
		const made: row = { group, test: name, cells: new Map(), texts: new Map() };
		/* a line that only some states print stands behind the one before it */
		const at = after === null ? -1 : this.rows.indexOf(after);
		if (at < 0) {
			const first = this.rows.findIndex((r) => r.group === group);
			if (first < 0) this.rows.push(made);
			else this.rows.splice(first, 0, made);
		} else this.rows.splice(at + 1, 0, made);
		return made;
	}

	/** Takes in what a test answered at a state. */
	add(n: number, t: test, a: answer): void {
		if (t.group === REVIEW) {
			const e = experiments.find((x) => x.id === t.name)!;
			const r = this.#row(REVIEW, `${e.id} ${e.shows}`, this.rows.at(-1) ?? null);
			r.cells.set(n, a.cell!);
			r.texts.set(n, a.text ?? '');
			return;
		}
		const lines = a.lines ?? [];
		const verdicts =
			t.group === TESTBED
				? testbedVerdicts(lines)
				: t.script === undefined
					? portedVerdicts(lines).filter(
							(v) =>
								t.group !== PORTED_9 ||
								v.key.includes('bridge'),
						)
					: scriptVerdicts(lines);
		let last: row | null = null;
		const times = new Map<string, number>();
		for (const v of verdicts) {
			const k = (times.get(v.key) ?? 0) + 1;
			times.set(v.key, k);
			const r: row = this.#row(
				t.group,
				k === 1 ? v.key : `${v.key} (${k})`,
				last,
			);
			r.cells.set(n, v.cell);
			r.texts.set(n, v.text);
			last = r;
		}
		if (t.group === PORTED_9) return;
		const rest = lines.filter((l) => /^(thrown|kernel|leak): /.test(l));
		const r = this.#row(t.group, 'exit code', last);
		r.cells.set(n, a.rc === 0 ? 'ok' : 'FAIL');
		r.texts.set(n, [`exit code ${a.rc}`, ...rest].join('; '));
	}

	/** Fills what states did not have. */
	finish(states: readonly number[]): void {
		for (const r of this.rows)
			for (const n of states) if (!r.cells.has(n)) r.cells.set(n, '-');
	}
}
