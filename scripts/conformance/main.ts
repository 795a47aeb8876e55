// SPDX-License-Identifier: GPL-2.0-only
/*
 * The judge: what the arguments ask for, both runs, the report.
 */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pcap_write } from '../../tools/testing/selftests/lib/pcap.ts';
import { interpreter } from '../../tools/testing/selftests/simns/settings.ts';
import type { answer } from './answer.ts';
import { compare } from './compare.ts';
import { expected } from './expected.ts';
import { type real_run, run_in_guest, run_on_host } from './guest.ts';
import { fetch_kernel, find_kernel, type kernel_image } from './kernel.ts';
import { report } from './report.ts';
import { run_in_simulator } from './simulator.ts';
import { absent_error } from './tools.ts';

export const USAGE = `Usage: npm run conformance -- [options] SCRIPT... [-- ARGS...]
Runs each script on the simulator and on a real kernel, and prints what is different.
  --kernel WHAT   a vmlinuz, a folder with boot and lib/modules, or a linux-image package (.deb);
                  default what is installed, else what --fetch brought
  --fetch         download Debian's kernel by apt-get, without installing it
  --host          namespaces of this machine's kernel instead of a guest (root only)
  --with PROGRAM  one more program on the guest's PATH
  --stretch N     every sleep of the script takes N times as long on the real kernel, for transfers that an
                  emulated one does not finish in the time a script gives them
  --timeout S     wall-clock seconds for each of the two runs (default 900)
  --seed N        seed of the simulator (default 1)
  --keep DIR      keep output, rulesets and captures of both runs there
  --all           print every expected difference, not one of each kind
  --verbose       show the guest's console
Exit code: 0 nothing unexpected, 1 differences, 2 wrong usage, 3 a run gave no answer, 4 tools are absent.
`;

class usage_error extends Error {}

/** What the arguments ask for. */
export interface request {
	scripts: string[];
	args: string[];
	kernel: string | null;
	fetch: boolean;
	host: boolean;
	programs: string[];
	timeout_s: number;
	stretch: number;
	seed: number;
	keep: string | null;
	all: boolean;
	verbose: boolean;
	help: boolean;
}

/** Reads the arguments; throws a usage_error. */
export function parse(argv: readonly string[]): request {
	const r: request = {
		scripts: [],
		args: [],
		kernel: null,
		fetch: false,
		host: false,
		programs: [],
		timeout_s: 900,
		stretch: 1,
		seed: 1,
		keep: null,
		all: false,
		verbose: false,
		help: false,
	};
	const number_of = (option: string, text: string): number => {
		if (!/^\d{1,9}$/.test(text))
			throw new usage_error(`not a number: ${option} ${text}`);
		return Number(text);
	};
	for (let i = 0; i < argv.length; i++) {
		const a = argv[i];
		if (a === '--') {
			r.args = argv.slice(i + 1);
			break;
		}
		const m = /^(--[a-z]+)(?:=(.*))?$/s.exec(a);
		if (m === null) {
			if (a.startsWith('-')) throw new usage_error(`not known: ${a}`);
			r.scripts.push(a);
			continue;
		}
		const flag = {
			'--fetch': 'fetch',
			'--host': 'host',
			'--all': 'all',
			'--verbose': 'verbose',
			'--help': 'help',
		}[m[1]];
		if (flag !== undefined) {
			if (m[2] !== undefined) throw new usage_error(`${m[1]} takes no value`);
			r[flag as 'fetch' | 'host' | 'all' | 'verbose' | 'help'] = true;
			continue;
		}
		if (
			![
				'--kernel',
				'--with',
				'--timeout',
				'--stretch',
				'--seed',
				'--keep',
			].includes(m[1])
		)
			throw new usage_error(`not known: ${m[1]}`);
		const value = m[2] ?? argv[++i];
		if (value === undefined || value === '') throw new usage_error(`${m[1]} of what?`);
		if (m[1] === '--kernel') r.kernel = value;
		else if (m[1] === '--with') r.programs.push(resolve(value));
		else if (m[1] === '--timeout') r.timeout_s = number_of(m[1], value);
		else if (m[1] === '--stretch') r.stretch = number_of(m[1], value);
		else if (m[1] === '--seed') r.seed = number_of(m[1], value);
		else r.keep = resolve(value);
	}
	if (r.help) return r;
	if (r.scripts.length === 0) throw new usage_error('which script?');
	if (r.timeout_s === 0) throw new usage_error('no time to run in: --timeout 0');
	if (r.stretch < 1 || r.stretch > 100) throw new usage_error('--stretch takes 1 to 100');
	if (r.host && (r.kernel !== null || r.fetch))
		throw new usage_error('--host runs no kernel of its own');
	for (const s of [...r.scripts, ...r.programs])
		if (!existsSync(s) || !statSync(s).isFile())
			throw new usage_error(`no such file: ${s}`);
	return r;
}

/** Writes down what a side answered. */
function keep(dir: string, a: answer): void {
	mkdirSync(dir, { recursive: true });
	writeFileSync(join(dir, 'stdout'), a.stdout, 'latin1');
	writeFileSync(join(dir, 'stderr'), a.stderr, 'latin1');
	writeFileSync(
		join(dir, 'ruleset.txt'),
		a.rulesets.map((r) => `# ${r.ns}\n${r.text}`).join('\n'),
		'latin1',
	);
	const devices = new Map<string, answer['frames']>();
	for (const f of a.frames) {
		const name = `${f.ns}-${f.dev}`.replaceAll('/', '_');
		const list = devices.get(name);
		if (list === undefined) devices.set(name, [f]);
		else list.push(f);
	}
	for (const [name, frames] of devices)
		writeFileSync(
			join(dir, `${name}.pcap`),
			pcap_write({ linktype: 1, snaplen: 65535, frames }, true),
		);
}

/** Where texts go. */
export interface sink {
	out: (text: string) => void;
	err: (text: string) => void;
}

async function judge(r: request, io: sink): Promise<number> {
	const say = (line: string): void => io.err(`conformance: ${line}\n`);
	let kernel: kernel_image | null = null;
	if (!r.host) kernel = r.fetch && r.kernel === null ? fetch_kernel() : find_kernel(r.kernel);
	let code = 0;
	for (const name of r.scripts) {
		const script = resolve(name);
		const run: real_run = {
			script,
			args: r.args,
			interpreter: interpreter(readFileSync(script, 'latin1')),
			timeout_s: r.timeout_s,
			stretch: r.stretch,
			programs: r.programs,
			say,
			verbose: r.verbose,
		};
		/* first, because tools may be absent */
		const real =
			kernel === null ? await run_on_host(run) : await run_in_guest(run, kernel);
		const simulated = await run_in_simulator({ ...run, seed: r.seed });
		if (r.keep !== null) {
			const dir = r.scripts.length > 1 ? join(r.keep, basename(name)) : r.keep;
			for (const a of [simulated, real]) keep(join(dir, a.name), a);
		}
		const c = compare(simulated, real);
		const { text, unexpected } = report(
			name,
			simulated,
			real,
			c,
			(d) => expected(d, real.release, basename(name)),
			r.all,
		);
		io.out(text);
		if (unexpected > 0) code = 1;
	}
	return code;
}

/** Runs the judge; the answer is its exit code. */
export async function run(argv: readonly string[], io: sink): Promise<number> {
	try {
		const r = parse(argv);
		if (r.help) {
			io.out(USAGE);
			return 0;
		}
		return await judge(r, io);
	} catch (e) {
		if (!(e instanceof Error)) throw e;
		io.err(`conformance: ${e.message}\n${e instanceof usage_error ? USAGE : ''}`);
		return e instanceof usage_error ? 2 : e instanceof absent_error ? 4 : 3;
	}
}
