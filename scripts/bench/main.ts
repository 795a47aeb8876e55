// SPDX-License-Identifier: GPL-2.0-only
// The command line of the benchmarks. Each of them has a process of its own: what one has compiled and allocated is
// not there for the next.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { flowBenches } from './flows.ts';
import { hostBenches } from './host.ts';
import { type Bench, CLOCK, type Result } from './measure.ts';
import { pathBenches } from './path.ts';
import { comparison, readRun, type Run, summary, table } from './report.ts';
import { tcpBenches } from './tcp.ts';
import { toolBenches } from './tools.ts';

export const benches: readonly Bench[] = [
	...tcpBenches,
	...pathBenches,
	...hostBenches.filter((b) => b.name === 'peers'),
	...flowBenches,
	...toolBenches,
	...hostBenches.filter((b) => b.name === 'verdict'),
];

const USAGE = `usage: npm run bench [-- --only NAME]... [--json FILE] [--compare BASE.json] [--smoke] [--script FILE]
  --only NAME          this benchmark alone; may be repeated
  --json FILE          keep the figures
  --compare BASE.json  ratios against figures that were kept
  --smoke              each once and small: whether they work, not how fast
  --script FILE        the kernel's nft_flowtable.sh, for the verdict
  --list               names only
`;

/** Where text goes. */
export interface Output {
	out: (text: string) => void;
	err: (text: string) => void;
	/** Whether `err` is a terminal. */
	terminal: boolean;
}

function machine(): string {
	const cpu = cpus();
	return `${cpu[0]?.model.trim() ?? 'unknown CPU'} x ${cpu.length}, ${Math.round(totalmem() / 2 ** 30)} GB, ${platform()} ${release()} ${arch()}, Node ${process.version}`;
}

/** A line that the next one overwrites. */
function progress(io: Output, text: string): void {
	if (io.terminal) io.err(`\r\x1b[K${text}`);
}

/** Runs one benchmark in this process and prints what it answers. */
function runHere(name: string, smoke: boolean, script: string | null, io: Output): number {
	const bench = benches.find((b) => b.name === name)!;
	const r = bench.run({
		smoke,
		script,
		progress: (text) => progress(io, `${name}: ${text}`),
	});
	progress(io, '');
	io.out(`${JSON.stringify(r)}\n`);
	return 0;
}

/** What runs for long may be inlined as far as a C compiler does it: a packet's way is hundreds of short functions. */
const V8_FLAGS = [
	'--expose-gc',
	'--max-old-space-size=8192',
	'--max-inlined-bytecode-size=1500',
	'--max-inlined-bytecode-size-cumulative=10000',
	'--max-inlined-bytecode-size-absolute=20000',
];

/** Runs one benchmark in a process of its own; the text of the error when it fails. */
function runApart(
	program: string,
	name: string,
	smoke: boolean,
	script: string | null,
): Result | string {
	const args = [...V8_FLAGS, program, '--here', name];
	if (smoke) args.push('--smoke');
	if (script !== null) args.push('--script', script);
	const r = spawnSync(process.execPath, args, {
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'inherit'],
		maxBuffer: 1 << 26,
	});
	if (r.status !== 0) return r.signal === null ? `exit code ${r.status}` : r.signal;
	return JSON.parse(r.stdout) as Result;
}

/**
 * Runs what the command line says.
 * @param program path of the compiled program
 * @returns exit code: 0, 1 when a benchmark failed, 2 for a wrong command line
 */
export function run(argv: string[], program: string, io: Output): number {
	let names: string[];
	let base: Run | null = null;
	let values;
	try {
		({ values } = parseArgs({
			args: argv,
			options: {
				only: { type: 'string', multiple: true, default: [] },
				json: { type: 'string' },
				compare: { type: 'string' },
				script: { type: 'string' },
				smoke: { type: 'boolean', default: false },
				list: { type: 'boolean', default: false },
				here: { type: 'string' },
				help: { type: 'boolean', short: 'h', default: false },
			},
		}));
		names = values.here === undefined ? values.only : [values.here];
		for (const name of names)
			if (!benches.some((b) => b.name === name))
				throw new TypeError(
					`no benchmark ${name}; there are ${benches.map((b) => b.name).join(', ')}`,
				);
		if (values.compare !== undefined) base = readBase(values.compare);
	} catch (e) {
		if (!(e instanceof TypeError)) throw e;
		io.err(`bench: ${e.message}\n${USAGE}`);
		return 2;
	}
	if (values.help) {
		io.out(USAGE);
		return 0;
	}
	if (values.list) {
		for (const b of benches) io.out(`${b.name.padEnd(12)}${b.what}\n`);
		return 0;
	}
	const script = values.script ?? null;
	if (values.here !== undefined) return runHere(values.here, values.smoke, script, io);
	const done: Run = {
		version: 1,
		date: new Date().toISOString(),
		machine: machine(),
		clock: CLOCK,
		smoke: values.smoke,
		benches: [],
	};
	io.out(
		`${done.machine}\nrates and times in ${CLOCK}; medians, and least .. most of the rounds\n\n`,
	);
	let rc = 0;
	for (const b of benches) {
		if (names.length > 0 && !names.includes(b.name)) continue;
		progress(io, `${b.name}: ...`);
		const r = runApart(program, b.name, values.smoke, script);
		progress(io, '');
		if (typeof r === 'string') {
			io.err(`bench: ${b.name}: ${r}\n`);
			rc = 1;
			continue;
		}
		done.benches.push(r);
		io.out(values.smoke ? `${b.name}: ran\n` : `${table(r, b.what)}\n`);
	}
	if (!values.smoke) io.out(`${summary(done.benches)}\n`);
	if (base !== null) io.out(`\n${comparison(done, base)}`);
	if (values.json !== undefined)
		writeFileSync(values.json, `${JSON.stringify(done, null, '\t')}\n`);
	return rc;
}

function readBase(path: string): Run {
	let text: string;
	try {
		text = readFileSync(path, 'utf8');
	} catch {
		throw new TypeError(`${path}: cannot be read`);
	}
	return readRun(text, path);
}
