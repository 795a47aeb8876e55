// SPDX-License-Identifier: GPL-2.0-only
/*
 * The selftest runner: kselftest's TAP as v5.10's runner.sh prints it, then one plain line.
 *
 *   npm run selftest [-- [names] [--seed N] [--pcap DIR] [--explain] [--ktap] [--list] [-o MTU] [-l MTU] [-r MTU]]
 *
 * Each test has a world of its own and, but for the first, a thread; what they print comes out in their order.
 *
 * Exit code 0 when all passed, 1 when one failed, 4 when all that ran were skipped.
 */
import './lib/short_run.ts';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ksft_pass, ksft_skip, type selftest, test_run } from './lib/selftest.ts';
import { nft_flowtable } from './netfilter/nft_flowtable.ts';
import { testbed } from './netfilter/testbed.ts';

const selftests: readonly selftest[] = [nft_flowtable, testbed];
const DEFAULT_TIMEOUT_S = 45;

const USAGE = `Usage: selftest [names] [options]
  --seed N      seed of everything random (default 1)
  --pcap DIR    write captures there
  --ktap        nested KTAP instead of the TAP of kselftest v5.10
  --explain     say why connections were offloaded or not
  --list        names only
  -o, -l, -r    MTU of originator, link and responder, for nft_flowtable.sh
`;

interface options {
	names: string[];
	seed: number;
	pcap: string | null;
	explain: boolean;
	ktap: boolean;
	list: boolean;
	args: string[];
}

function parse(argv: string[]): options {
	const { values, positionals } = parseArgs({
		args: argv,
		allowPositionals: true,
		options: {
			seed: { type: 'string', default: '1' },
			pcap: { type: 'string' },
			explain: { type: 'boolean', default: false },
			ktap: { type: 'boolean', default: false },
			list: { type: 'boolean', default: false },
			help: { type: 'boolean', short: 'h', default: false },
			originator: { type: 'string', short: 'o' },
			link: { type: 'string', short: 'l' },
			responder: { type: 'string', short: 'r' },
		},
	});
	if (values.help) {
		process.stdout.write(USAGE);
		process.exit(0);
	}
	const seed = Number(values.seed);
	if (!Number.isSafeInteger(seed)) throw new TypeError(`not a number: --seed ${values.seed}`);
	const args: string[] = [];
	if (values.originator !== undefined) args.push('-o', values.originator);
	if (values.link !== undefined) args.push('-l', values.link);
	if (values.responder !== undefined) args.push('-r', values.responder);
	return {
		names: positionals,
		seed,
		pcap: values.pcap ?? null,
		explain: values.explain,
		ktap: values.ktap,
		list: values.list,
		args,
	};
}

/** Tests that are meant by names: whole or part of `collection:name`. */
function choose(names: readonly string[]): selftest[] {
	if (names.length === 0) return [...selftests];
	const out: selftest[] = [];
	for (const n of names) {
		const hits = selftests.filter(
			(t) => t.name === n || `${t.collection}:${t.name}`.includes(n.replace('/', ':')),
		);
		if (hits.length === 0) throw new TypeError(`no selftest ${n}`);
		for (const t of hits) if (!out.includes(t)) out.push(t);
	}
	return out;
}

interface outcome {
	rc: number;
	seconds: number;
	timed_out: boolean;
}

/** What a thread runs. */
interface job {
	test: string;
	options: options;
}

function run_one(t: selftest, o: options, line: (text: string) => void): outcome {
	const began = process.hrtime.bigint();
	let rc: number;
	try {
		rc = t.run(new test_run(o.seed, o.args, o.pcap, line, o.explain));
	} catch (e) {
		line(e instanceof Error ? (e.stack ?? e.message) : String(e));
		rc = 255;
	}
	const seconds = Number(process.hrtime.bigint() - began) / 1e9;
	return { rc, seconds, timed_out: seconds > (t.timeout ?? DEFAULT_TIMEOUT_S) };
}

/** A test in its thread: lines are kept until somebody listens. */
class thread {
	readonly #kept: string[] = [];
	#line: ((text: string) => void) | null = null;
	readonly #done: Promise<outcome>;

	constructor(t: selftest, o: options) {
		const job: job = { test: t.name, options: o };
		const worker = new Worker(new URL(import.meta.url), { workerData: job });
		this.#done = this.#collect(worker);
	}

	async #collect(worker: Worker): Promise<outcome> {
		let result: outcome = { rc: 255, seconds: 0, timed_out: false };
		worker.on('message', (said: string | outcome) => {
			if (typeof said !== 'string') result = said;
			else if (this.#line === null) this.#kept.push(said);
			else this.#line(said);
		});
		await once(worker, 'exit');
		return result;
	}

	/** Gives what was printed so far and from now on; resolves at the end. */
	follow(line: (text: string) => void): Promise<outcome> {
		for (const text of this.#kept) line(text);
		this.#line = line;
		return this.#done;
	}
}

async function main(): Promise<number> {
	let o: options;
	let chosen: selftest[];
	try {
		o = parse(process.argv.slice(2));
		chosen = choose(o.names);
	} catch (e) {
		if (!(e instanceof TypeError)) throw e;
		process.stderr.write(`selftest: ${e.message}\n${USAGE}`);
		return 1;
	}
	const out = (text: string): void => {
		process.stdout.write(`${text}\n`);
	};
	if (o.list) {
		for (const t of chosen) out(`${t.collection}:${t.name}`);
		return 0;
	}
	const count = { pass: 0, fail: 0, skip: 0 };
	out(o.ktap ? 'KTAP version 1' : 'TAP version 13');
	out(`1..${chosen.length}`);
	/* the first test runs here, the others beside it; a thread needs what was built: tsx does not reach into it */
	const threads = import.meta.url.endsWith('.js') ? availableParallelism() - 1 : 0;
	const running = new Map<selftest, thread>();
	for (const [i, t] of chosen.entries()) {
		for (const next of chosen.slice(i + 1, i + 1 + threads))
			if (!running.has(next)) running.set(next, new thread(next, o));
		const name = `selftests: ${t.collection}: ${t.name}`;
		if (o.ktap) {
			out('  KTAP version 1');
			out(`  # Subtest: ${t.collection}:${t.name}`);
		} else out(`# ${name}`);
		let sub = 0;
		const line = (text: string): void => {
			if (!o.ktap) {
				out(`# ${text}`);
				return;
			}
			const m = /^(PASS|FAIL|SKIP): (.*)$/.exec(text);
			if (m === null) out(`  # ${text}`);
			else
				out(
					`  ${m[1] === 'FAIL' ? 'not ok' : 'ok'} ${++sub} ${m[2]}${m[1] === 'SKIP' ? ' # SKIP' : ''}`,
				);
		};
		const r = (await running.get(t)?.follow(line)) ?? run_one(t, o, line);
		if (o.ktap) out(`  1..${sub}`);
		const at = i + 1;
		if (r.timed_out) {
			count.fail++;
			out('#');
			out(`not ok ${at} ${name} # TIMEOUT ${t.timeout ?? DEFAULT_TIMEOUT_S} seconds`);
		} else if (r.rc === ksft_pass) {
			count.pass++;
			out(`ok ${at} ${name}`);
		} else if (r.rc === ksft_skip) {
			count.skip++;
			out(`ok ${at} ${name} # SKIP`);
		} else {
			count.fail++;
			out(`not ok ${at} ${name} # exit=${r.rc}`);
		}
	}
	out(`${count.pass} passed, ${count.fail} failed, ${count.skip} skipped`);
	if (count.fail > 0) return 1;
	return count.pass === 0 && count.skip > 0 ? ksft_skip : ksft_pass;
}

/* who reads no further has seen enough */
process.stdout.on('error', () => process.exit(141));

if (isMainThread)
	void main().then((rc) => {
		process.exitCode = rc;
	});
else {
	const { test, options } = workerData as job;
	const t = selftests.find((one) => one.name === test)!;
	parentPort!.postMessage(run_one(t, options, (text) => parentPort!.postMessage(text)));
}
