// SPDX-License-Identifier: GPL-2.0-only
// The series for the port: nine patches that lead from plain v5.10 to the tree as it stands. They are taken
// back one by one from a copy of the files they touch; the user's own files are read and never written.

import { spawn } from 'node:child_process';
import {
	cpSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { ends_with_us, remove, temporary } from '../temporary.ts';
import { before } from './before.ts';

const PREFIX = 'simns-bisect.';

/** Patches of the series; states are numbered by the last patch they have. */
export const LAST = 9;

/** A patch as its file has it. */
export interface patch {
	/** Number, from 1. */
	n: number;
	/** Name of the file. */
	name: string;
	/** Without the number. */
	subject: string;
	/** From the first line on up to the first diff, not with it. */
	head: string;
	diff: string;
	/** From the first diff on, to the end of the file. */
	rest: string;
	/** Paths that it touches, with the hash of what each becomes. */
	files: ReadonlyMap<string, string>;
}

/** The files that the series touches, as one state has them; null is a file that is not there. */
export type state = ReadonlyMap<string, string | null>;

/** The series cannot be read, or does not fit the tree. */
export class SeriesError extends Error {}

/** What came of a program. */
export interface ended {
	rc: number;
	out: string;
	err: string;
	/** Both in the order in which they were written, as far as that can be told. */
	both: string;
}

/** Runs a program to its end. */
export function run(
	command: string,
	args: readonly string[],
	options: { cwd?: string; env?: NodeJS.ProcessEnv; stdin?: string; merge?: boolean } = {},
): Promise<ended> {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, {
			cwd: options.cwd,
			env: options.env ?? process.env,
			stdio: ['pipe', 'pipe', 'pipe'],
		});
		ends_with_us(child);
		const r: ended = { rc: -1, out: '', err: '', both: '' };
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			r.out += text;
			r.both += text;
		});
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			r.err += text;
			r.both += text;
		});
		child.stdin.on('error', () => {});
		child.stdin.end(options.stdin ?? '');
		child.on('error', reject);
		child.on('close', (code, signal) => {
			r.rc = code ?? (signal === null ? 1 : 128);
			resolve(r);
		});
	});
}

/** git at a folder that is no repository, nor part of one. */
function git(dir: string, args: readonly string[], stdin?: string): Promise<ended> {
	const env: NodeJS.ProcessEnv = {
		...process.env,
		GIT_CEILING_DIRECTORIES: dirname(dir),
		LC_ALL: 'C',
	};
	for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX'])
		delete env[name];
	return run('git', args, { cwd: dir, env, ...(stdin === undefined ? {} : { stdin }) });
}

/** Reads one patch; the name is that of its file. */
export function parsePatch(name: string, text: string): patch {
	const start = text.search(/^diff --git /m);
	if (start < 0) throw new SeriesError(`${name}: no diff in it`);
	const head = text.slice(0, start);
	const m = /^Subject: \[PATCH (\d)\/(\d)\] (.+)$/m.exec(head);
	if (m === null || Number(m[2]) !== LAST)
		throw new SeriesError(`${name}: no line "Subject: [PATCH n/${LAST}] …"`);
	const rest = text.slice(start);
	const diff = rest.replace(/^-- \n[^]*$/m, '');
	const files = new Map<string, string>();
	for (const one of diff.split(/^(?=diff --git )/m)) {
		const f =
			/^diff --git a\/(\S+) b\/(\S+)\n(?:.*\n)*?index [0-9a-f]{40}\.\.([0-9a-f]{40})/.exec(
				one,
			);
		if (f === null || f[1] !== f[2])
			throw new SeriesError(`${name}: a diff without full hashes, or a rename`);
		if (!/^(net|include|tools)\/[\w./-]+$/.test(f[1]) || f[1].includes('..'))
			throw new SeriesError(`${name}: touches ${f[1]}`);
		files.set(f[1], f[3]);
	}
	return { n: Number(m[1]), name, subject: m[3], head, diff, rest, files };
}

/** Reads the series of a folder. */
export function readSeries(dir: string): patch[] {
	if (!existsSync(dir)) throw new SeriesError(`no folder ${dir}`);
	const names = readdirSync(dir)
		.filter((f) => f.endsWith('.patch'))
		.sort();
	const all = names.map((name) => parsePatch(name, readFileSync(join(dir, name), 'utf8')));
	const have = all.map((p) => p.n).join();
	const want = Array.from({ length: LAST }, (_, i) => i + 1).join();
	if (have !== want)
		throw new SeriesError(`patches ${have || 'none'} in ${dir}, not ${want}`);
	return all;
}

function hashOf(p: patch, path: string): string {
	return p.files.get(path)!;
}

/** Which hunk git could not take, from what it said; in a patch that is taken back its lines are the new ones. */
function refusal(p: patch, said: string, back: boolean): string {
	const m = /patch failed: (\S+):(\d+)/.exec(said);
	if (m === null) return said.trim().split('\n')[0];
	const file = p.diff
		.split(/^(?=diff --git )/m)
		.find((d) => d.startsWith(`diff --git a/${m[1]} `));
	const hunk = (file?.match(/^@@ .*$/gm) ?? []).find((h) => {
		const at = /^@@ -(\d+)\S* \+(\d+)/.exec(h);
		return at?.[back ? 2 : 1] === m[2];
	});
	return `${m[1]}: hunk ${hunk ?? `at line ${m[2]}`}`;
}

function put(dir: string, path: string, text: string | null): void {
	const at = join(dir, path);
	if (text === null) {
		rmSync(at, { force: true });
		return;
	}
	mkdirSync(dirname(at), { recursive: true });
	writeFileSync(at, text);
}

function get(dir: string, path: string): string | null {
	const at = join(dir, path);
	return existsSync(at) ? readFileSync(at, 'utf8') : null;
}

/** All paths that the series touches. */
export function touched(series: readonly patch[]): string[] {
	return [...new Set(series.flatMap((p) => [...p.files.keys()]))].sort();
}

/**
 * The ten states of the touched files.
 * @param last reads a file as the last state has it
 * @throws SeriesError naming the patch and the hunk that cannot be taken back
 */
export async function takeBack(
	series: readonly patch[],
	last: (path: string) => string | null,
): Promise<state[]> {
	const dir = temporary(PREFIX);
	const paths = touched(series);
	for (const path of paths) put(dir, path, last(path));
	const look = (): state => new Map(paths.map((path) => [path, get(dir, path)]));
	const states = [look()];
	for (const p of series.toReversed()) {
		const r = await git(dir, ['apply', '-R', '--whitespace=nowarn', '-'], p.diff);
		if (r.rc !== 0)
			throw new SeriesError(
				`${p.name} no longer applies: ${refusal(p, r.err, true)}\n` +
					"`npm run bisect -- --refresh` takes the tree's changes into the series",
			);
		states.unshift(look());
	}
	remove(dir);
	return states;
}

/** Reads the tree's own files. */
export function treeReader(root: string): (path: string) => string | null {
	return (path) => get(root, path);
}

/**
 * Files of ours that lean on the whole series: what stands in their place before it.
 * @param n the state
 */
export function withExtension(states: readonly state[], n: number): state {
	const out = new Map(states[n]);
	for (const b of before) if (n < b.since) out.set(b.path, b.text);
	return out;
}

/** What a state lacks to be type-checked. */
export interface verdict {
	n: number;
	/** What the compiler said; '' when it had nothing to say. */
	said: string;
}

/** Type-checks net, include and tools of each state, in a copy of the tree. */
export async function typecheck(
	root: string,
	states: readonly state[],
	each: (v: verdict) => void,
): Promise<void> {
	const dir = temporary(PREFIX);
	for (const part of ['net', 'include', 'tools'])
		cpSync(join(root, part), join(dir, part), {
			recursive: true,
			filter: (from) => !from.endsWith('/recordings'),
		});
	for (const part of ['package.json', 'tsconfig.json'])
		cpSync(join(root, part), join(dir, part));
	symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
	const tsc = join(root, 'node_modules/typescript-7/bin/tsc');
	/* the loaders of whoever runs this, a test runner's say, are not the compiler's */
	const compiler = ['-u', 'NODE_OPTIONS', process.execPath, tsc, '-p', '.'];
	const own = treeReader(root);
	for (let n = 0; n < states.length; n++) {
		for (const b of before) put(dir, b.path, own(b.path));
		for (const [path, text] of withExtension(states, n)) put(dir, path, text);
		const r = await run('env', compiler, { cwd: dir });
		each({ n, said: r.rc === 0 ? '' : r.both.trim() });
	}
	remove(dir);
}

/** One diff of all files from one state to the next; '' when they are the same. */
async function difference(from: state, to: state): Promise<string> {
	const dir = temporary(PREFIX);
	const paths = [...to.keys()].filter((path) => from.get(path) !== to.get(path));
	mkdirSync(join(dir, 'a'));
	mkdirSync(join(dir, 'b'));
	for (const path of paths) {
		put(join(dir, 'a'), path, from.get(path) ?? null);
		put(join(dir, 'b'), path, to.get(path) ?? null);
	}
	const r = await git(dir, [
		'-c',
		'core.quotepath=off',
		'diff',
		'--no-index',
		'--no-prefix',
		'--no-color',
		'--no-ext-diff',
		'--no-textconv',
		'--diff-algorithm=histogram',
		'--full-index',
		'-U3',
		'a',
		'b',
	]);
	remove(dir);
	if (r.rc > 1) throw new SeriesError(`git diff: ${r.err.trim()}`);
	return r.out;
}

/** What diffs add and take away, file by file, as format-patch tells it. */
function statistics(diff: string): string {
	const rows = diff
		.split(/^(?=diff --git )/m)
		.filter((d) => d !== '')
		.map((d) => ({
			path: /^diff --git a\/(\S+)/.exec(d)![1],
			plus: (d.match(/^\+(?!\+\+ )/gm) ?? []).length,
			minus: (d.match(/^-(?!-- )/gm) ?? []).length,
		}));
	const width = Math.max(...rows.map((r) => r.path.length));
	const count = (what: 'plus' | 'minus'): number => rows.reduce((n, r) => n + r[what], 0);
	return [
		...rows.map(
			(r) =>
				` ${r.path.padEnd(width)} | ${r.plus + r.minus} +${r.plus} -${r.minus}`,
		),
		` ${rows.length} files changed, ${count('plus')} insertions(+), ${count('minus')} deletions(-)`,
	].join('\n');
}

/** The patches that lead through states; heads are kept but for their statistics. */
export async function makeSeries(
	heads: readonly { name: string; head: string }[],
	states: readonly state[],
): Promise<{ name: string; text: string }[]> {
	const out: { name: string; text: string }[] = [];
	for (const [i, { name, head }] of heads.entries()) {
		const diff = await difference(states[i], states[i + 1]);
		if (diff === '') throw new SeriesError(`${name} changes nothing any more`);
		const text = head.replace(/^---\n[^]*$/m, '').trimEnd();
		out.push({ name, text: `${text}\n---\n${statistics(diff)}\n\n${diff}-- \n` });
	}
	return out;
}

/** A merge that needs a hand. */
export interface conflict {
	path: string;
	/** States in which it stands. */
	states: number[];
}

const CONFLICT = /^(<{7}|>{7}) /m;

/**
 * What the patch adds as a whole may have changed as it likes: below the patch it is not there. What the tree put
 * in front of it or behind it stays.
 */
function dropTaken(merged: string): string {
	return merged.replace(
		/^<{7} .*\n([^]*?)^\|{7} .*\n([^]*?)^={7}\n([^]*?)^>{7} .*\n/gm,
		(whole, mine: string, was: string, now: string) => {
			if (mine !== '') return whole;
			if (now.startsWith(was)) return now.slice(was.length);
			return now.endsWith(was) ? now.slice(0, -was.length) : '';
		},
	);
}

/**
 * Carries the series over to a tree that moved: what the tree changed since is merged into each
 * state of each file. The file that the series ended in then is looked for by its hash among the repository's objects.
 */
export async function carryOver(
	root: string,
	tree: (path: string) => string | null,
	series: readonly patch[],
): Promise<{ states: state[]; conflicts: conflict[] }> {
	const base = new Map<string, string>();
	for (const path of touched(series)) {
		const hash = hashOf(
			series.findLast((p) => p.files.has(path))!,
			path,
		);
		const blob = await run('git', ['cat-file', 'blob', hash], { cwd: root });
		if (blob.rc === 0) base.set(path, blob.out);
		else {
			const now = tree(path);
			const same =
				now === null
					? null
					: await run('git', ['hash-object', '--stdin'], {
							cwd: root,
							stdin: now,
						});
			if (same?.out.trim() !== hash)
				throw new SeriesError(
					`${path} as the series knows it (${hash.slice(0, 12)}) is not in this repository: commit what it ends in first`,
				);
			base.set(path, now!);
		}
	}
	const old = await takeBack(series, (path) => base.get(path) ?? null);
	const dir = temporary(PREFIX);
	const conflicts = new Map<string, number[]>();
	const states = old.map(() => new Map<string, string | null>());
	for (const path of touched(series)) {
		states[LAST].set(path, tree(path));
		/* downwards: what the patch takes away is taken away from the newer text of the state above */
		for (let n = LAST - 1; n >= 0; n--) {
			const mine = old[n].get(path) ?? null;
			const was = old[n + 1].get(path) ?? null;
			const now = states[n + 1].get(path) ?? null;
			if (
				mine === null ||
				was === null ||
				now === null ||
				now === was ||
				mine === was
			) {
				states[n].set(path, mine === was ? now : mine);
				continue;
			}
			writeFileSync(join(dir, 'mine'), mine);
			writeFileSync(join(dir, 'was'), was);
			writeFileSync(join(dir, 'now'), now);
			const labels = [
				'-L',
				`state ${n}`,
				'-L',
				`state ${n + 1} as it was`,
				'-L',
				`state ${n + 1}`,
			];
			const r = await git(dir, [
				'merge-file',
				'-p',
				'--diff3',
				...labels,
				'mine',
				'was',
				'now',
			]);
			if (r.rc < 0 || r.rc > 127)
				throw new SeriesError(`git merge-file: ${r.err.trim()}`);
			const merged = dropTaken(r.out);
			if (CONFLICT.test(merged))
				conflicts.set(path, [...(conflicts.get(path) ?? []), n]);
			states[n].set(path, merged);
		}
	}
	remove(dir);
	return { states, conflicts: [...conflicts].map(([path, at]) => ({ path, states: at })) };
}

/** Lays states out as folders 0 to 9, for hands. */
export function layOut(dir: string, states: readonly state[]): void {
	for (const [n, s] of states.entries()) {
		rmSync(join(dir, String(n)), { recursive: true, force: true });
		for (const [path, text] of s)
			if (text !== null) put(join(dir, String(n)), path, text);
	}
}

/** Reads states that hands went over; the last one is the tree's. */
export function layIn(
	dir: string,
	tree: (path: string) => string | null,
	paths: readonly string[],
): state[] {
	return Array.from({ length: LAST + 1 }, (_, n) => {
		if (n === LAST) return new Map(paths.map((path) => [path, tree(path)]));
		const from = join(dir, String(n));
		if (!existsSync(from)) throw new SeriesError(`no folder ${from}`);
		const s = new Map<string, string | null>();
		for (const path of paths) {
			const text = get(from, path);
			if (text !== null && CONFLICT.test(text))
				throw new SeriesError(
					`${join(from, path)}: a conflict is still in it`,
				);
			s.set(path, text);
		}
		return s;
	});
}
