// SPDX-License-Identifier: GPL-2.0-only
// The command line of bisect.

import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { builder, programs } from './build.ts';
import { printTable, toJson } from './print.ts';
import type { answer } from './probe.ts';
import type { test } from './rows.ts';
import {
	carryOver,
	LAST,
	layIn,
	layOut,
	makeSeries,
	type patch,
	readSeries,
	run,
	SeriesError,
	type state,
	takeBack,
	touched,
	treeReader,
	typecheck,
	withExtension,
} from './series.ts';

const USAGE = `Usage: npm run bisect -- [options]
  --only PATTERN          tests whose name has it, several by commas: nft_flowtable, testbed, S06, I1, '6.12 '
  --states 0,6,9          these states; 0 is plain v5.10, 9 the tree as it stands
  --json FILE             write the table there, with what stands behind each cell
  --diff A B [SCENARIO]   calls that a packet makes at two states, side by side; SCENARIO: bridge (default), vlan,
                          S01 to S31, I1 to I16
  --packet N              which packet of it, from 1; the last that differs otherwise
  --check [--typecheck]   the series applies to the tree; each state type-checks
  --refresh [DIR]         carries the series over to the tree, or takes it from the states 0 to 8 in DIR
  --rev REV               check or refresh for that commit's tree in place of the work tree
  --series DIR            another folder of patches than scripts/series`;

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

class UsageError extends Error {}

interface options {
	only: string[];
	states: number[];
	json: string | null;
	diff: { from: number; to: number; scenario: string; packet: number | null } | null;
	check: boolean;
	typecheck: boolean;
	refresh: boolean;
	refreshFrom: string | null;
	rev: string | null;
	series: string;
}

function stateOf(text: string): number {
	const n = Number(text);
	if (!/^\d$/.test(text) || n > LAST) throw new UsageError(`no state ${text}: 0 to ${LAST}`);
	return n;
}

function parse(argv: string[]): options | null {
	let args;
	try {
		args = parseArgs({
			args: argv,
			allowPositionals: true,
			options: {
				only: { type: 'string' },
				states: { type: 'string' },
				json: { type: 'string' },
				diff: { type: 'boolean', default: false },
				packet: { type: 'string' },
				check: { type: 'boolean', default: false },
				typecheck: { type: 'boolean', default: false },
				refresh: { type: 'boolean', default: false },
				rev: { type: 'string' },
				series: { type: 'string', default: join(root, 'scripts/series') },
				help: { type: 'boolean', short: 'h', default: false },
			},
		});
	} catch (e) {
		throw new UsageError((e as Error).message);
	}
	const { values: v, positionals: pos } = args;
	if (v.help) return null;
	const modes = [v.diff, v.check, v.refresh].filter(Boolean).length;
	if (modes > 1) throw new UsageError('one of --diff, --check, --refresh');
	if (modes > 0 && (v.only ?? v.states ?? v.json) !== undefined)
		throw new UsageError('--only, --states and --json are for the table');
	if (v.typecheck && !v.check) throw new UsageError('--typecheck is for --check');
	if (v.packet !== undefined && !v.diff) throw new UsageError('--packet is for --diff');
	if (v.rev !== undefined && !v.check && !v.refresh)
		throw new UsageError('--rev is for --check and --refresh');
	if (v.rev !== undefined && v.typecheck)
		throw new UsageError('--typecheck looks at the work tree');
	if (!v.diff && pos.length > (v.refresh ? 1 : 0))
		throw new UsageError(`not known: ${pos[0]}`);
	let diff: options['diff'] = null;
	if (v.diff) {
		if (pos.length < 2 || pos.length > 3)
			throw new UsageError('--diff wants two states');
		const packet = v.packet === undefined ? null : Number(v.packet);
		if (packet !== null && !(Number.isSafeInteger(packet) && packet > 0))
			throw new UsageError(`no packet ${v.packet}`);
		diff = {
			from: stateOf(pos[0]),
			to: stateOf(pos[1]),
			scenario: pos[2] ?? 'bridge',
			packet,
		};
	}
	const states =
		v.states === undefined
			? Array.from({ length: LAST + 1 }, (_, n) => n)
			: [...new Set(v.states.split(',').map((s) => stateOf(s.trim())))].sort(
					(a, b) => a - b,
				);
	return {
		only: (v.only ?? '').split(',').filter((s) => s !== ''),
		states,
		json: v.json ?? null,
		diff,
		check: v.check,
		typecheck: v.typecheck,
		refresh: v.refresh,
		refreshFrom: v.refresh && pos.length === 1 ? resolve(pos[0]) : null,
		rev: v.rev ?? null,
		series: resolve(v.series),
	};
}

/** Where text goes. */
export interface output {
	out: (text: string) => void;
	err: (text: string) => void;
}

/** A line that the next one replaces, on a terminal. */
function progress(text: string): void {
	if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** Tests that --only means. */
function choose(all: test[], only: readonly string[]): test[] {
	if (only.length === 0) return all;
	const wanted = only.map((s) => s.toLowerCase());
	const chosen = all.filter((t) =>
		wanted.some(
			(s) =>
				t.name.toLowerCase() === s ||
				`${t.name} ${t.group}`.toLowerCase().includes(s),
		),
	);
	if (chosen.length === 0) throw new UsageError(`no test ${only.join(', ')}`);
	return chosen;
}

/** A file as a commit has it. */
function commitReader(rev: string): (path: string) => string | null {
	return (path) => {
		const r = spawnSync('git', ['show', `${rev}:${path}`], {
			cwd: root,
			encoding: 'utf8',
			maxBuffer: 1 << 26,
		});
		return r.status === 0 ? r.stdout : null;
	};
}

/** Programs run side by side at most. */
const AT_ONCE = 2;

async function inParallel(jobs: readonly (() => Promise<void>)[]): Promise<void> {
	let next = 0;
	const worker = async (): Promise<void> => {
		while (next < jobs.length) await jobs[next++]();
	};
	await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function buildStates(
	b: builder,
	states: readonly state[],
	wanted: readonly number[],
): Promise<Map<number, programs>> {
	if (!existsSync(join(root, 'tools/testing/selftests/usr/nft/grammar.js')))
		await run(process.execPath, ['scripts/build-grammar.mjs'], { cwd: root });
	const built = new Map<number, programs>();
	await inParallel(
		wanted.map((n) => async () => {
			progress(`building state ${n}`);
			try {
				built.set(n, await b.build(withExtension(states, n)));
			} catch (e) {
				throw new SeriesError(
					`state ${n} cannot be built: ${(e as Error).message}`,
				);
			}
		}),
	);
	b.prune();
	return built;
}

function writeJson(path: string, data: unknown): void {
	try {
		writeFileSync(path, `${JSON.stringify(data, null, '\t')}\n`);
	} catch (e) {
		throw new UsageError(`cannot write ${path}: ${(e as Error).message}`);
	}
}

async function showTable(o: options, series: readonly patch[], io: output): Promise<number> {
	/* the port is loaded when it is needed: it takes a while */
	const { allTests, runProbe, runScript, table } = await import('./rows.ts');
	const { builder } = await import('./build.ts');
	const tests = choose(allTests(), o.only);
	/* what cannot be written is known before all that is run */
	if (o.json !== null) writeJson(o.json, null);
	const states = await takeBack(series, treeReader(root));
	const b = new builder(root);
	const built = await buildStates(b, states, o.states);
	const answers = new Map<string, Map<number, answer>>(tests.map((t) => [t.name, new Map()]));
	const jobs: (() => Promise<void>)[] = [];
	let done = 0;
	const step = (text: string): void => progress(`${++done} of ${jobs.length} ${text}`);
	/* states with the same program need one run */
	const shared = <T>(
		what: string,
		key: (p: programs) => string,
		make: (p: programs) => Promise<T>,
		take: (n: number, r: T) => void,
	): void => {
		const byHash = new Map<string, number[]>();
		for (const n of o.states) {
			const h = key(built.get(n)!);
			byHash.set(h, [...(byHash.get(h) ?? []), n]);
		}
		for (const at of byHash.values())
			jobs.push(async () => {
				const r = await make(built.get(at[0])!);
				for (const n of at) take(n, r);
				step(`${what}, state ${at.join(', ')}`);
			});
	};
	for (const t of tests)
		if (t.script !== undefined)
			shared(
				t.name,
				(p) => p.simnsHash,
				(p) => runScript(b, p, t),
				(n, a) => answers.get(t.name)!.set(n, a),
			);
	const inProbe = tests.filter((t) => t.script === undefined).map((t) => t.name);
	if (inProbe.length > 0)
		shared(
			'ported tests and review',
			(p) => p.probeHash,
			(p) => runProbe(b, p, inProbe),
			(n, all) => {
				for (const a of all) answers.get(a.test)!.set(n, a);
			},
		);
	await inParallel(jobs);
	progress('');
	const rows = new table();
	for (const t of tests)
		for (const n of o.states) rows.add(n, t, answers.get(t.name)!.get(n)!);
	rows.finish(o.states);
	printTable(rows.rows, o.states, series, io.out);
	if (o.json !== null) writeJson(o.json, toJson(rows.rows, o.states, series, answers));
	if (!o.states.includes(LAST)) return 0;
	const bad = rows.rows.filter((r) => ['FAIL', 'not', 'error'].includes(r.cells.get(LAST)!));
	return bad.length > 0 ? 1 : 0;
}

async function check(o: options, series: readonly patch[], io: output): Promise<number> {
	const states = await takeBack(
		series,
		o.rev === null ? treeReader(root) : commitReader(o.rev),
	);
	io.out(`${series.length} patches apply`);
	if (!o.typecheck) return 0;
	let rc = 0;
	await typecheck(root, states, ({ n, said }) => {
		const of =
			n === 0
				? 'plain v5.10'
				: `${series[n - 1].n}/${LAST} ${series[n - 1].subject}`;
		io.out(
			`state ${n}: ${said === '' ? 'type-checks' : 'DOES NOT TYPE-CHECK'} (${of})`,
		);
		if (said === '') return;
		io.out(said.replace(/^/gm, '  '));
		rc = 1;
	});
	return rc;
}

async function refresh(o: options, series: readonly patch[], io: output): Promise<number> {
	const reader = o.rev === null ? treeReader(root) : commitReader(o.rev);
	let states: state[];
	if (o.refreshFrom !== null) states = layIn(o.refreshFrom, reader, touched(series));
	else {
		const r = await carryOver(root, reader, series);
		if (r.conflicts.length > 0) {
			const dir = join(root, 'node_modules/.cache/simns-series');
			layOut(dir, r.states);
			for (const c of r.conflicts)
				io.err(
					`bisect: ${c.path} conflicts in state ${c.states.join(', ')}`,
				);
			const at = relative(process.cwd(), dir);
			io.err(
				`bisect: the states are in ${at}/0 to 8: take the conflicts out, then npm run bisect -- --refresh ${at}`,
			);
			return 1;
		}
		({ states } = r);
	}
	const made = await makeSeries(series, states);
	let changed = 0;
	for (const [i, { name, text }] of made.entries()) {
		if (text === series[i].head + series[i].rest) continue;
		changed++;
		writeFileSync(join(o.series, name), text);
		io.out(`${name}: refreshed`);
	}
	if (changed === 0) io.out('nothing to refresh');
	if (o.refreshFrom !== null) rmSync(o.refreshFrom, { recursive: true });
	return 0;
}

/** Runs a command line; answers the exit code. */
export async function bisect(argv: string[], io: output): Promise<number> {
	try {
		const o = parse(argv);
		if (o === null) {
			io.out(USAGE);
			return 0;
		}
		const series = readSeries(o.series);
		if (o.check) return await check(o, series, io);
		if (o.refresh) return await refresh(o, series, io);
		if (o.diff === null) return await showTable(o, series, io);
		const { from, to, scenario, packet } = o.diff;
		const { diffStates } = await import('./diff.ts');
		const states = await takeBack(series, treeReader(root));
		const lines = await diffStates(root, states, from, to, scenario, packet);
		if (typeof lines === 'string') throw new UsageError(lines);
		for (const l of lines) io.out(l);
		return 0;
	} catch (e) {
		progress('');
		if (e instanceof UsageError) {
			io.err(`bisect: ${e.message}\n${USAGE}`);
			return 2;
		}
		if (!(e instanceof SeriesError)) throw e;
		io.err(`bisect: ${e.message}`);
		return 1;
	}
}
