// SPDX-License-Identifier: GPL-2.0-only
// The command line of the benchmarks and what they print; no figure is looked at.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { benches, run } from './main.ts';
import { figure, median, met, ratio } from './measure.ts';
import { comparison, number, readRun, type Run, table } from './report.ts';

interface Answer {
	rc: number;
	out: string;
	err: string;
}

function bench(...args: string[]): Answer {
	const a: Answer = { rc: 0, out: '', err: '' };
	a.rc = run(args, 'nowhere.js', {
		out: (text) => (a.out += text),
		err: (text) => (a.err += text),
		terminal: false,
	});
	return a;
}

const sample: Run = {
	version: 1,
	date: '2020-11-20T00:00:00.000Z',
	machine: 'a machine',
	clock: 'CPU time',
	smoke: false,
	benches: [
		{
			name: 'fastpath',
			figures: [
				figure('1 000 flows', 'M packets/s', [4, 6, 5], true, {
					op: '>=',
					value: 5,
				}),
				figure('a slice', 'ms', [12], false, { op: '<=', value: 10 }),
				figure('old', 's', [1], false),
			],
			notes: ['something to say'],
		},
	],
};

void t.test('a wrong command line: usage and 2', (t) => {
	const dir = t.testdir({ 'text.json': 'no', 'other.json': '{"version":1}' });
	for (const [args, text] of [
		[['--bogus'], /^bench: Unknown option '--bogus'/],
		[['fastpath'], /^bench: Unexpected argument 'fastpath'/],
		[['--only', 'nothing'], /^bench: no benchmark nothing; there are tcp, fastpath,/],
		[['--only'], /^bench: Option '--only <value>' argument missing/],
		[['--compare', join(dir, 'none.json')], /none\.json: cannot be read/],
		[['--compare', join(dir, 'text.json')], /text\.json: not JSON/],
		[['--compare', join(dir, 'other.json')], /other\.json: not written by --json/],
	] as const) {
		const a = bench(...args);
		t.equal(a.rc, 2, args.join(' '));
		t.equal(a.out, '');
		t.match(a.err, text);
		t.match(a.err, /\nusage: npm run bench /);
	}
	t.end();
});

void t.test('names and usage', (t) => {
	const list = bench('--list');
	t.equal(list.rc, 0);
	t.same(
		list.out
			.trim()
			.split('\n')
			.map((l) => l.split(' ')[0]),
		benches.map((b) => b.name),
	);
	t.match(bench('--help').out, /^usage: npm run bench /);
	t.end();
});

void t.test('a benchmark that fails is an error, the others go on', (t) => {
	const dir = t.testdir();
	const file = join(dir, 'run.json');
	/* the program is not there: the process ends at once */
	const a = bench('--only', 'tools', '--json', file);
	t.equal(a.rc, 1);
	t.match(a.err, /bench: tools: exit code 1/);
	t.same(readRun(readFileSync(file, 'utf8'), file).benches, []);
	t.end();
});

void t.test('medians, ratios and bars', (t) => {
	t.equal(median([3, 1, 2]), 2);
	t.equal(median([4, 1, 2, 3]), 2.5);
	t.same(ratio('r', [2, 9, 4], [1, 3, 4]).value, 2);
	t.equal(met(sample.benches[0].figures[0]), true);
	t.equal(met(sample.benches[0].figures[1]), false);
	t.equal(met(sample.benches[0].figures[2]), null);
	t.equal(number(1234567), '1 234 567');
	t.equal(number(12.345), '12.35');
	t.equal(number(NaN), '-');
	t.equal(
		table(sample.benches[0], 'packets'),
		[
			'fastpath: packets',
			'  1 000 flows  5.000  M packets/s  4.000 .. 6.000  >= 5  met',
			'  a slice      12.00  ms                           <= 10  missed',
			'  old          1.000  s',
			'  (something to say)',
			'',
		].join('\n'),
	);
	t.end();
});

void t.test('against an earlier run', (t) => {
	const later: Run = {
		...sample,
		machine: 'another',
		benches: [
			{
				name: 'fastpath',
				figures: [
					figure('1 000 flows', 'M packets/s', [10], true),
					figure('a slice', 'ms', [24], false),
					figure('new', 's', [2], false),
				],
				notes: [],
			},
			{ name: 'tools', figures: [figure('nft', 's', [1], false)], notes: [] },
		],
	};
	const file = join(t.testdir(), 'base.json');
	writeFileSync(file, JSON.stringify(sample));
	const text = comparison(later, readRun(readFileSync(file, 'utf8'), file));
	t.match(text, /^against 2020-11-20T00:00:00\.000Z, a machine\n {2}\(another machine\)\n/);
	t.match(text, /1 000 flows +10\.00 +M packets\/s +5\.000 before +2\.000 x {2}better\n/);
	t.match(text, /a slice +24\.00 +ms +12\.00 before +2\.000 x {2}worse\n/);
	t.match(text, /new +2\.000 +s +new\n/);
	t.match(text, /old +- +s +1\.000 before +gone\n/);
	t.notMatch(text, /nft/);
	t.match(
		comparison({ ...later, benches: later.benches.slice(1) }, sample),
		/no benchmark in common/,
	);
	t.end();
});
