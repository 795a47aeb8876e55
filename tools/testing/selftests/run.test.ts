// SPDX-License-Identifier: GPL-2.0-only
/*
 * The selftest runner as its user sees it: output, order, exit codes.
 */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { buildSync } from 'esbuild';
import t from 'tap';

/* built as scripts/build.mjs does */
const runner = join(t.testdir(), 'run.js');
buildSync({
	entryPoints: [join(import.meta.dirname, 'run.ts')],
	outfile: runner,
	bundle: true,
	platform: 'node',
	format: 'esm',
	target: 'node20',
});

interface answer {
	rc: number | null;
	out: string;
	err: string;
}

function selftest(...args: string[]): answer {
	const r = spawnSync(process.execPath, [runner, ...args], { encoding: 'utf8' });
	return { rc: r.status, out: r.stdout, err: r.stderr };
}

void t.test('names', (t) => {
	t.same(selftest('--list'), {
		rc: 0,
		out: 'netfilter:nft_flowtable.sh\nnetfilter:flowtable_testbed\n',
		err: '',
	});
	t.same(selftest('--list', 'testbed').out, 'netfilter:flowtable_testbed\n');
	t.end();
});

void t.test('a wrong command line', (t) => {
	for (const [args, text] of [
		[['no_such_test'], /^selftest: no selftest no_such_test\nUsage: selftest /],
		[['--bogus'], /^selftest: Unknown option '--bogus'.*\nUsage: selftest /],
		[['--seed', 'x'], /^selftest: not a number: --seed x\nUsage: selftest /],
	] as const) {
		const r = selftest(...args);
		t.equal(r.rc, 1);
		t.equal(r.out, '');
		t.match(r.err, text);
		t.notMatch(r.err, /\n {4}at /, 'no stack trace');
	}
	t.end();
});

void t.test('two tests at once, their lines in order, the same again with the same seed', (t) => {
	const a = selftest('--seed', '3');
	t.equal(a.rc, 0);
	t.equal(a.err, '');
	const lines = a.out.split('\n');
	t.same(lines.slice(0, 3), [
		'TAP version 13',
		'1..2',
		'# selftests: netfilter: nft_flowtable.sh',
	]);
	const plain = lines.filter((l) => !l.startsWith('# PASS') && !l.includes(': ok: '));
	t.same(plain.slice(3), [
		'ok 1 selftests: netfilter: nft_flowtable.sh',
		'# selftests: netfilter: flowtable_testbed',
		'ok 2 selftests: netfilter: flowtable_testbed',
		'2 passed, 0 failed, 0 skipped',
		'',
	]);
	t.equal(selftest('--seed', '3').out, a.out);
	t.end();
});

void t.test('why connections were offloaded or not', (t) => {
	const r = selftest('testbed', '--explain');
	t.equal(r.rc, 0);
	t.match(
		r.out,
		/\n# why: \d+\.\d+ tcp 192\.168\.20\.2\.\d+ > 10\.141\.10\.2\.5304: offloaded, x f\n# why: +original: in veth0, out neigh veth1, mtu 1500\n/,
	);
	t.match(r.out, /not offloaded: the packet has FIN or RST\n# why: +flags FP?\.\n/);
	t.match(r.out, /the device at the end of the path is not in the flowtable\n# why: +veth0, devices = \{ br0, veth1 \}\n/);
	t.end();
});

void t.test('one whose reader goes away', (t) => {
	const child = spawn(process.execPath, [runner], { stdio: ['ignore', 'pipe', 'pipe'] });
	let err = '';
	child.stderr.on('data', (d: Buffer) => (err += d.toString()));
	child.stdout.once('data', () => child.stdout.destroy());
	child.on('close', (rc) => {
		t.equal(rc, 141);
		t.equal(err, '');
		t.end();
	});
});
