// SPDX-License-Identifier: GPL-2.0-only
/*
 * The review: every experiment shows what its row says, every row holds against the recordings and the
 * sources, and the command line answers as its user expects.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { buildSync } from 'esbuild';
import t from 'tap';
import { pcap_read } from '../../lib/pcap.ts';
import { experiments } from './all.ts';
import { perform } from './perform.ts';
import { find_place } from '../../lib/source.ts';
import { table, wrap } from './table.ts';

const recordings = join(import.meta.dirname, '../recordings');

for (const e of experiments)
	void t.test(e.id, (t) => {
		const r = perform(e);
		if (e.run === undefined) t.type(e.cannot, 'string', 'says why it cannot be shown');
		else t.ok(r.story.filter((s) => s.kind === 'check').length > 0, 'judges something');
		t.same(
			r.story.filter((s) => s.kind === 'check' && !s.ok),
			[],
			r.port,
		);
		t.notOk(r.failed);
		for (const p of e.places) {
			const at = find_place(p.file, p.fn, p.at);
			t.ok(at !== null && at.kernel !== '', `${p.fn} in ${p.file}: ${p.at}`);
		}
		if (e.real?.recording !== undefined) {
			const dir = join(recordings, e.real.recording);
			t.ok(existsSync(dir), dir);
			t.ok((e.real.evidence ?? []).length > 0, 'a recording has evidence');
			for (const [file, text] of e.real.evidence ?? [])
				t.match(readFileSync(join(dir, file), 'utf8'), text, `${e.real.recording}/${file}`);
		}
		t.end();
	});

void t.test('every number once', (t) => {
	const want = Array.from({ length: 31 }, (_, i) => `S${String(i + 1).padStart(2, '0')}`);
	for (let i = 1; i <= 16; i++) want.push(`I${i}`);
	t.same(
		experiments.map((e) => e.id),
		want,
	);
	t.end();
});

void t.test('an experiment that does not show what it says is noticed', (t) => {
	const [e] = experiments;
	const wrong = perform({ ...e, run: (b) => (b.is('two and two', 4, 5), 'text') });
	t.ok(wrong.failed);
	const thrown = perform({
		...e,
		run: () => {
			throw new Error('nothing there');
		},
	});
	t.ok(thrown.failed);
	t.match(thrown.port, /nothing there/);
	const leak = perform({
		...e,
		run: (b) => {
			b.w.m.record('WARN', 'somewhere', 'out of the blue');
			return 'text';
		},
	});
	t.ok(leak.failed, 'a record that nobody expected');
	t.end();
});

void t.test('tables', (t) => {
	t.same(wrap('one two three', 7), ['one two', 'three']);
	t.same(wrap('abcdefgh', 3), ['abc', 'def', 'gh']);
	t.equal(table(['a', 'b'], [['x', 'one two']], [1, 3]), 'a | b\n--+----\nx | one\n  | two\n--+----');
	t.end();
});

/* built as scripts/build.mjs does */
const folder = t.testdir();
const program = join(folder, 'main.js');
buildSync({
	entryPoints: [join(import.meta.dirname, 'main.ts')],
	outfile: program,
	bundle: true,
	platform: 'node',
	format: 'esm',
	target: 'node20',
});

function review(...args: string[]): { rc: number | null; out: string; err: string } {
	const r = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
	return { rc: r.status, out: r.stdout, err: r.stderr };
}

void t.test('the table', (t) => {
	const r = review();
	t.equal(r.rc, 0);
	t.equal(r.err, '');
	t.match(r.out, /^no\. \| what it shows +\| v3 on the port +\| v3 on the real kernel +\| later kernels +\| source\n/);
	for (const e of experiments) t.match(r.out, new RegExp(`^${e.id} +\\| `, 'm'));
	t.match(r.out, /\n46 shown, 0 failed, 1 cannot be shown\n$/);
	t.ok(r.out.split('\n').every((l) => l.length <= 180));
	t.end();
});

void t.test('a story', (t) => {
	const r = review('s6', '--pcap', join(folder, 'pcap'));
	t.equal(r.rc, 0);
	t.match(r.out, /^S06: priority bits/);
	t.match(r.out, /\ntopology: ns1 --- veth0 \.10 \[br0\] nsr1 veth1 --- ns2\n/);
	t.match(r.out, /\n\$ ip -n nsr1 link add link veth0 name veth0\.10 type vlan id 10\n/);
	t.match(
		r.out,
		/\n> ns1 sends, TCI 0xa00a: classic, leaves by veth1\n {4}in {2}veth0 +02:00:00:00:01:99 > 02:00:00:00:01:fe \[802\.1q 10 pcp 5\] 192\.168\.20\.2\.4000 > /,
	);
	t.match(r.out, /\n {4}out veth1 +02:00:00:00:02:01 > 02:00:00:00:02:99 192\.168\.20\.2\.4000 > .*, ttl 63\n/);
	t.match(r.out, /\nv3 on the real kernel: not recorded\n/);
	const files = readdirSync(join(folder, 'pcap')).sort();
	t.ok(files.includes('S06-veth0.pcap') && files.includes('S06-2-veth1.pcap'), files.join());
	t.ok(pcap_read(readFileSync(join(folder, 'pcap/S06-veth0.pcap')))!.frames.length > 3);
	t.equal(review('S06').out, r.out, 'the same again');
	const why = review('S10', '--explain').out;
	t.match(why, /\n# why: \d+\.\d+ udp 192\.168\.20\.2\.4000 > 10\.141\.10\.2\.5000: not offloaded: the connection is not confirmed/);
	t.match(why, /\n# why: +br0, 02:00:00:00:01:99, known in VLAN 1 \(S10\)\n/);
	t.match(why, /\n# why: +br_fill_forward_path: kernel net\/bridge\/br_device\.c patch 5\/9, port net\/bridge\/br_device\.ts/);
	t.match(review('S13').out, /\nv3 on the port: +cannot be shown: /);
	const two = review('S30', 'i6');
	t.match(two.out, /^S30: [^]*\n\nI6: /m);
	t.end();
});

void t.test('a wrong command line, and the list', (t) => {
	for (const [args, text] of [
		[['S32'], /^review: no experiment S32: S01 to S31, I1 to I16\nUsage: review /],
		[['x'], /^review: no experiment x/],
		[['--bogus'], /^review: Unknown option '--bogus'.*\nUsage: review /],
		[['--explain'], /^review: --explain wants a number/],
		[['--seed', 'x'], /^review: not a number: --seed x\nUsage: review /],
	] as const) {
		const r = review(...args);
		t.equal(r.rc, 2);
		t.equal(r.out, '');
		t.match(r.err, text);
		t.notMatch(r.err, /\n {4}at /, 'no stack trace');
	}
	const list = review('--list');
	t.equal(list.rc, 0);
	t.equal(list.out.trimEnd().split('\n').length, experiments.length);
	t.match(list.out, /^S06 priority bits/m);
	t.match(review('--help').out, /^Usage: review /);
	t.end();
});
