// SPDX-License-Identifier: GPL-2.0-only
/*
 * The review: every known bug and doubt of v3 as an experiment on packets.
 *
 *   npm run review [-- [numbers] [--list] [--seed N] [--pcap DIR] [--explain]]
 *   npm run review -- --invalidation [--seed N] [--cost]
 *
 * Without a number all of them run and a table is printed; with one its story is told. Exit code 0 when all
 * that ran showed what v3 does, 1 when one did not, 2 for a wrong command line.
 */
import '../../lib/short_run.ts';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { experiments } from './all.ts';
import { seen_text } from './bench.ts';
import type { experiment } from './experiment.ts';
import { cost_text, incidents, measure } from './invalidation.ts';
import { cost_figures } from './invalidation_cost.ts';
import { type outcome, perform } from './perform.ts';
import { find_place } from '../../lib/source.ts';
import { table, wrap } from './table.ts';

const USAGE = `Usage: review [numbers] [options]
  numbers       S01 to S31, I1 to I16: tells the story of these; none: runs all, prints the table
  --list        numbers and what they show
  --seed N      seed of everything random (default 1)
  --explain     stories say why connections were offloaded or not
  --pcap DIR    write what passed the router's devices there
  --invalidation
                what the events of I1 to I16 cost, invalidation off and on
  --cost        and what invalidation costs: a million foreign moves, 100 000 flows
`;

interface options {
	ids: string[];
	list: boolean;
	seed: number;
	pcap: string | null;
	explain: boolean;
	invalidation: boolean;
	cost: boolean;
}

function parse(argv: string[]): options {
	const { values, positionals } = parseArgs({
		args: argv,
		allowPositionals: true,
		options: {
			list: { type: 'boolean', default: false },
			seed: { type: 'string', default: '1' },
			pcap: { type: 'string' },
			explain: { type: 'boolean', default: false },
			invalidation: { type: 'boolean', default: false },
			cost: { type: 'boolean', default: false },
			help: { type: 'boolean', short: 'h', default: false },
		},
	});
	if (values.help) {
		process.stdout.write(USAGE);
		process.exit(0);
	}
	const seed = Number(values.seed);
	if (!Number.isSafeInteger(seed)) throw new TypeError(`not a number: --seed ${values.seed}`);
	if (values.invalidation && (positionals.length > 0 || values.explain || values.pcap !== undefined))
		throw new TypeError('--invalidation tells no stories: it goes with --seed and --cost only');
	if (values.cost && !values.invalidation) throw new TypeError('--cost goes with --invalidation');
	if (values.explain && positionals.length === 0)
		throw new TypeError('--explain wants a number: a table tells no stories');
	return {
		ids: positionals,
		list: values.list,
		seed,
		pcap: values.pcap ?? null,
		explain: values.explain,
		invalidation: values.invalidation,
		cost: values.cost,
	};
}

/** Number as it is spelled in the catalogue: s6 is S06, i01 is I1. */
function spelled(id: string): string {
	const m = /^([si])0*(\d+)$/i.exec(id);
	if (m === null) return id;
	return m[1].toUpperCase() === 'S' ? `S${m[2].padStart(2, '0')}` : `I${m[2]}`;
}

function choose(ids: readonly string[]): experiment[] {
	return ids.map((id) => {
		const e = experiments.find((x) => x.id === spelled(id));
		if (e === undefined) throw new TypeError(`no experiment ${id}: S01 to S31, I1 to I16`);
		return e;
	});
}

function real_text(e: experiment): string {
	if (e.real === null) return 'not recorded';
	return `${e.real.text} (${e.real.recording === undefined ? 'seen on the kernel, no capture kept' : `recorded: ${e.real.recording}`})`;
}

function failures(o: outcome): string {
	return o.story
		.filter((s) => s.kind === 'check' && !s.ok)
		.map((s) => ('text' in s ? s.text : ''))
		.join('; ');
}

const HEAD = ['no.', 'what it shows', 'v3 on the port', 'v3 on the real kernel', 'later kernels', 'source'];

/** Widths of the columns for a terminal: the number's is fixed, the others share what is left. */
function widths(columns: number): number[] {
	const left = Math.max(100, Math.min(columns, 220)) - 3 - 5 * 3;
	const share = [0.21, 0.25, 0.2, 0.17, 0.17].map((s) => Math.floor(left * s));
	return [3, ...share];
}

function print(text: string): void {
	process.stdout.write(`${text}\n`);
}

function table_of_all(o: options): number {
	const count = { shown: 0, failed: 0, cannot: 0 };
	const rows: string[][] = [];
	const notes: string[] = [];
	for (const e of experiments) {
		const r = perform(e, o.seed, o.pcap);
		if (e.run === undefined) count.cannot++;
		else if (r.failed) count.failed++;
		else count.shown++;
		const port = r.failed ? `NOT AS v3: ${failures(r)}` : r.port;
		const mark = (e.correction === undefined ? '' : ' [1]') + (e.run !== undefined && e.cannot !== undefined ? ' [2]' : '');
		rows.push([e.id, e.shows, port + mark, real_text(e), e.later, e.source]);
		if (e.correction !== undefined) notes.push(`[1] ${e.id}, reading corrected: ${e.correction}.`);
		if (e.run !== undefined && e.cannot !== undefined)
			notes.push(`[2] ${e.id}, cannot be shown: ${e.cannot}.`);
	}
	print(table(HEAD, rows, widths(process.stdout.columns ?? 180)));
	for (const n of notes.sort()) print(wrap(n, 100).join('\n    '));
	print(`${count.shown} shown, ${count.failed} failed, ${count.cannot} cannot be shown`);
	return count.failed > 0 ? 1 : 0;
}

/** The same packets in three worlds: what each event costs the flows with the switch off and on. */
function table_of_costs(o: options): number {
	const rows: string[][] = [];
	let rc = 0;
	for (const e of incidents) {
		const { off, on } = measure(e, o.seed);
		const failed = [...off.failed, ...on.failed];
		if (failed.length > 0 || on.lost > 0) rc = 1;
		rows.push([
			e.id,
			e.what,
			cost_text(off),
			cost_text(on),
			String(on.classic),
			[on.causes, ...failed].join('; '),
		]);
	}
	const left = Math.max(90, Math.min(process.stdout.columns ?? 140, 160)) - 8 - 5 * 3 - 2 * 22 - 7;
	print(
		table(
			['no.', 'what happens', 'lost, off', 'lost, on', 'classic', 'flows ended, on'],
			rows,
			[8, Math.floor(left * 0.6), 22, 22, 7, Math.floor(left * 0.4)],
		),
	);
	print(
		wrap(
			'Lost: packets that went another way than without a flowtable, or none, of all that were sent after the event; seconds from the event to the last of them. Where the topology itself has no way, or the bridge does not know it, the packets of all three worlds are lost alike and do not count. Classic: packets that the forward hook saw with the switch on; the others were fast again.',
			100,
		).join('\n'),
	);
	if (o.cost) cost_figures();
	return rc;
}

function tell(e: experiment, o: options): number {
	const r = perform(e, o.seed, o.pcap, o.explain);
	print(`${e.id}: ${e.shows}\n`);
	print(`topology: ${e.topology}\n`);
	for (const s of r.story)
		switch (s.kind) {
			case 'command':
				print(`$ ${s.text.replaceAll('\n', '\n  ')}`);
				break;
			case 'say':
				print(`# ${s.text}`);
				break;
			case 'packet': {
				print(`\n> ${s.title}: ${s.text}`);
				const width = Math.max(0, ...s.all.map((p) => p.dev.length));
				for (const p of s.all)
					print(`    ${p.out ? 'out' : 'in '} ${p.dev.padEnd(width)} ${seen_text(p)}`);
				break;
			}
			case 'check':
				print(`${s.ok ? 'ok' : 'NOT OK'}: ${s.text}`);
				break;
		}
	print('\nwhere it happens:');
	for (const p of e.places) {
		const at = find_place(p.file, p.fn, p.at);
		if (at === null) {
			print(`  ${p.file} ${p.fn}`);
			continue;
		}
		print(`  ${p.fn}: ${at.port}${at.kernel === '' ? '' : `, ${at.kernel}`}`);
		if (at.code !== '') print(`    ${at.code}`);
	}
	print('');
	print(`v3 on the port:        ${r.failed ? 'NOT AS v3: ' : ''}${r.port}`);
	print(`v3 on the real kernel: ${real_text(e)}`);
	print(`later kernels:         ${e.later}`);
	print(`source:                ${e.source}`);
	const held = e.correction === undefined ? '' : `; corrected: ${e.correction}`;
	print(
		`reading:               ${e.reading === 'stated' ? 'stated in a mail, a commit or source text' : 'read out of the code, nobody states it'}${held}`,
	);
	if (e.run !== undefined && e.cannot !== undefined) print(`cannot be shown:       ${e.cannot}`);
	return r.failed ? 1 : 0;
}

function main(): number {
	let o: options;
	let chosen: experiment[];
	try {
		o = parse(process.argv.slice(2));
		chosen = choose(o.ids);
	} catch (e) {
		if (!(e instanceof TypeError)) throw e;
		process.stderr.write(`review: ${e.message}\n${USAGE}`);
		return 2;
	}
	if (o.list) {
		for (const e of chosen.length > 0 ? chosen : experiments) print(`${e.id.padEnd(4)}${e.shows}`);
		return 0;
	}
	if (o.invalidation) return table_of_costs(o);
	if (chosen.length === 0) return table_of_all(o);
	let rc = 0;
	for (const [i, e] of chosen.entries()) {
		if (i > 0) print('');
		rc = Math.max(rc, tell(e, o));
	}
	return rc;
}

/* who reads no further has seen enough */
process.stdout.on('error', () => process.exit(141));
process.exitCode = main();
