// SPDX-License-Identifier: GPL-2.0-only
// Builds the programs of a state: esbuild reads the tree, but for the files that the state has otherwise. What
// was built is kept by the hash of all that went into it.

import { createHash } from 'node:crypto';
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { build as esbuild, type BuildOptions, type Plugin, version } from 'esbuild';
import type { state } from './series.ts';

const selftests = 'tools/testing/selftests';
const PORTED = `${selftests}/netfilter/nft_flowtable.ts`;

/** Programs and answers kept at most. */
const KEPT = 4000;
/** Programs kept at most; they are large. */
const KEPT_PROGRAMS = 60;

/** What is built of a state. */
export interface programs {
	/** Runs the ported tests and the review (probe.ts). */
	probe: string;
	/** Runs scripts. */
	simns: string;
	/** Hashes of both: states with the same hash have the same program. */
	probeHash: string;
	simnsHash: string;
}

function sha(...texts: string[]): string {
	const h = createHash('sha256');
	for (const t of texts) h.update(String(t.length)).update(':').update(t);
	return h.digest('hex').slice(0, 32);
}

/** Changes a source on its way into a bundle. */
export type transform = (path: string, text: string) => string;

/** A tree whose states can be built. */
export class builder {
	readonly #root: string;
	readonly #cache: string;
	readonly #hash: string;

	constructor(root: string) {
		this.#root = root;
		this.#cache = join(root, 'node_modules/.cache/simns-bisect');
		mkdirSync(this.#cache, { recursive: true });
		const texts: string[] = [version];
		for (const part of ['include', 'net', 'tools', 'scripts/bisect'])
			for (const f of readdirSync(join(root, part), {
				recursive: true,
				encoding: 'utf8',
			}).sort())
				if (/\.(ts|js|pl)$/.test(f) && !f.endsWith('.test.ts'))
					texts.push(f, readFileSync(join(root, part, f), 'utf8'));
		this.#hash = sha(...texts);
	}

	#overlay(s: state, change: transform | null): Plugin {
		const root = this.#root;
		const read = (path: string): string =>
			s.get(path) ?? readFileSync(join(root, path), 'utf8');
		const paths = change === null ? [...s.keys()] : [];
		const filter =
			change === null
				? new RegExp(
						`/(${paths.map((p) => p.replaceAll('.', '\\.')).join('|')})$`,
					)
				: /\.ts$/;
		return {
			name: 'state',
			setup(b) {
				/* the ported script as the last state has it, beside the state's own */
				b.onResolve({ filter: /^last:/ }, (a) => ({
					path: a.path.slice(5),
					namespace: 'last',
				}));
				b.onLoad({ filter: /./, namespace: 'last' }, (a) => ({
					contents: readFileSync(join(root, a.path), 'utf8'),
					loader: 'ts',
					resolveDir: dirname(join(root, a.path)),
				}));
				b.onLoad({ filter, namespace: 'file' }, (a) => {
					const path = relative(root, a.path);
					if (
						path.startsWith('..') ||
						(change === null && !s.has(path))
					)
						return null;
					const text = read(path);
					return {
						contents:
							change === null ? text : change(path, text),
						loader: 'ts',
					};
				});
			},
		};
	}

	async #bundle(s: state, change: transform | null, what: BuildOptions): Promise<string> {
		const made = await esbuild({
			absWorkingDir: this.#root,
			bundle: true,
			platform: 'node',
			format: 'esm',
			target: 'node20',
			logLevel: 'silent',
			write: false,
			outfile: 'out.js',
			plugins: [this.#overlay(s, change)],
			...what,
		});
		return made.outputFiles![0].text;
	}

	/** A folder of the cache, filled once. */
	async #kept(key: string, fill: (dir: string) => Promise<void>): Promise<string> {
		const dir = join(this.#cache, key);
		if (existsSync(dir)) {
			utimesSync(dir, new Date(), new Date());
			return dir;
		}
		const tmp = mkdtempSync(join(this.#cache, 'new.'));
		try {
			await fill(tmp);
			if (!existsSync(dir)) renameSync(tmp, dir);
		} finally {
			rmSync(tmp, { recursive: true, force: true });
		}
		return dir;
	}

	/** Builds the programs of a state, or finds them. */
	async build(s: state): Promise<programs> {
		const texts = [...s].flatMap(([path, text]) => [path, text ?? '']);
		const dir = await this.#kept(sha(this.#hash, ...texts), async (tmp) => {
			const entry = [
				`import { main } from './scripts/bisect/probe.ts';`,
				`import { nft_flowtable as own } from './${PORTED}';`,
				`import { nft_flowtable as last } from 'last:${PORTED}';`,
				`main(own, last);`,
			].join('\n');
			const [probe, simns] = await Promise.all([
				this.#bundle(s, null, {
					stdin: {
						contents: entry,
						resolveDir: this.#root,
						loader: 'ts',
					},
				}),
				this.#bundle(s, null, {
					entryPoints: [`${selftests}/simns/main.ts`],
				}),
			]);
			writeFileSync(join(tmp, 'probe.mjs'), probe);
			writeFileSync(join(tmp, 'simns.mjs'), simns);
			copyFileSync(
				join(this.#root, selftests, 'simns/client.pl'),
				join(tmp, 'client.pl'),
			);
		});
		const hash = (f: string): string => sha(readFileSync(join(dir, f), 'utf8'));
		return {
			probe: join(dir, 'probe.mjs'),
			simns: join(dir, 'simns.mjs'),
			probeHash: hash('probe.mjs'),
			simnsHash: hash('simns.mjs'),
		};
	}

	/** Builds the tracer of a state: its functions tell when they are called. */
	async buildTracer(s: state, change: transform): Promise<string> {
		const texts = [...s].flatMap(([path, text]) => [path, text ?? '']);
		const dir = await this.#kept(sha('tracer', this.#hash, ...texts), async (tmp) => {
			const text = await this.#bundle(s, change, {
				entryPoints: ['scripts/bisect/tracer.ts'],
			});
			writeFileSync(join(tmp, 'tracer.mjs'), text);
		});
		return join(dir, 'tracer.mjs');
	}

	/** Answers that programs gave: the same program and question have one answer. */
	async answered<T>(question: readonly string[], ask: () => Promise<T>): Promise<T> {
		const dir = await this.#kept(
			sha('answer', process.version, ...question),
			async (tmp) => {
				writeFileSync(
					join(tmp, 'answer.json'),
					JSON.stringify(await ask()),
				);
			},
		);
		return JSON.parse(readFileSync(join(dir, 'answer.json'), 'utf8')) as T;
	}

	/** Whether an answer is at hand. */
	knows(question: readonly string[]): boolean {
		return existsSync(join(this.#cache, sha('answer', process.version, ...question)));
	}

	/** Forgets what was not used for long. */
	prune(): void {
		const all = readdirSync(this.#cache)
			.map((f) => ({
				f: join(this.#cache, f),
				at: statSync(join(this.#cache, f)).mtimeMs,
			}))
			.sort((a, b) => b.at - a.at);
		const programs = all.filter(({ f }) => !existsSync(join(f, 'answer.json')));
		for (const { f } of [...programs.slice(KEPT_PROGRAMS), ...all.slice(KEPT)])
			rmSync(f, { recursive: true, force: true });
	}
}
