// SPDX-License-Identifier: GPL-2.0-only
/*
 * bisect: the series applies, a broken one is refused by name, it follows a tree that moves; the colours of plain
 * v5.10 and of the whole series are those that real kernels gave; what a packet calls.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { before } from './before.ts';
import { align } from './diff.ts';
import { instrument } from './instrument.ts';
import { bisect as main } from './main.ts';
import { folded, scriptVerdicts } from './rows.ts';
import {
	carryOver,
	LAST,
	layIn,
	layOut,
	makeSeries,
	parsePatch,
	readSeries,
	takeBack,
	touched,
	treeReader,
	typecheck,
} from './series.ts';

t.setTimeout(600_000);

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'scripts/series');
const series = readSeries(folder);
const tree = treeReader(root);
const IP = 'net/netfilter/nf_flow_table_ip.ts';

interface said {
	rc: number;
	out: string;
	err: string;
}

/** Runs a command line here, which has the port loaded already. */
async function bisect(args: readonly string[], scripts = join(root, 'nowhere')): Promise<said> {
	const r: said = { rc: -1, out: '', err: '' };
	const given = process.env['SIMNS_SCRIPTS'];
	process.env['SIMNS_SCRIPTS'] = scripts;
	try {
		r.rc = await main([...args], {
			out: (text) => (r.out += `${text}\n`),
			err: (text) => (r.err += `${text}\n`),
		});
	} finally {
		if (given === undefined) delete process.env['SIMNS_SCRIPTS'];
		else process.env['SIMNS_SCRIPTS'] = given;
	}
	return r;
}

t.test('nine patches, each on the files of its mail', (t) => {
	interface mail {
		number: number;
		files: { path: string }[];
	}
	const text = readFileSync(join(root, 'scripts/xref/catalogue.json'), 'utf8');
	const { patches } = JSON.parse(text) as { patches: mail[] };
	t.equal(patches.length, LAST);
	for (const { number, files } of patches) {
		const p = series[number - 1];
		const ported = files.map((f) => f.path.replace(/\.(c|h|sh)$/, '.ts'));
		for (const path of ported) t.ok(p.files.has(path), `${p.name} touches ${path}`);
		if ([...p.files.keys()].some((path) => !ported.includes(path)))
			t.match(
				p.head,
				/Not in the C|Beside the C/,
				`${p.name} says what it does beside`,
			);
		t.match(p.head, /^Subject: \[PATCH \d\/9\] (net|netfilter|selftests): /);
		for (const line of p.head.split('\n')) t.ok(line.length <= 80, line);
	}
	t.end();
});

t.test('back and forth', async (t) => {
	const states = await takeBack(series, tree);
	t.equal(states.length, LAST + 1);
	const at = (n: number, path: string): string => states[n].get(path)!;
	for (const [n, path, text] of [
		[2, IP, 'FLOW_OFFLOAD_XMIT_NEIGH /* unlikely */'],
		[3, 'net/core/dev.ts', 'function dev_fill_forward_path('],
		[4, 'net/8021q/vlan_dev.ts', 'function vlan_dev_fill_forward_path('],
		[5, 'net/bridge/br_device.ts', 'function br_fill_forward_path('],
		[6, 'net/netfilter/nft_flow_offload.ts', 'function nft_dev_forward_path('],
		[7, IP, 'function nf_flow_queue_xmit('],
		[8, IP, 'function nf_flow_vlan_pop('],
		[9, 'tools/testing/selftests/netfilter/nft_flowtable.ts', '#test_bridge_vlan('],
	] as const) {
		t.notMatch(at(n - 1, path), text, `not before ${n}/9: ${text}`);
		t.match(at(n, path), text, `with ${n}/9: ${text}`);
	}
	/* forward, with git and all patches as one, as a reader of them would */
	const dir = t.testdir();
	for (const [path, text] of states[0])
		if (text !== null) {
			mkdirSync(join(dir, path, '..'), { recursive: true });
			writeFileSync(join(dir, path), text);
		}
	spawnSync('git', ['init', '-q'], { cwd: dir });
	for (const { name } of series) {
		const r = spawnSync('git', ['apply', '--whitespace=nowarn', join(folder, name)], {
			cwd: dir,
			encoding: 'utf8',
		});
		t.equal(r.status, 0, `${name} ${r.stderr}`);
	}
	for (const path of touched(series))
		t.equal(readFileSync(join(dir, path), 'utf8'), tree(path), `${path} is the tree's`);
	const made = await makeSeries(series, states);
	for (const [i, p] of made.entries()) {
		const again = parsePatch(p.name, p.text);
		t.equal(again.subject, series[i].subject);
		t.equal(again.head.split('\n---\n')[0], series[i].head.split('\n---\n')[0]);
	}
});

t.test('a patch that does not fit is refused, by its name and hunk', async (t) => {
	const spoil = (name: string, from: RegExp | string, to: string): string => {
		const dir = t.testdir();
		cpSync(folder, dir, { recursive: true });
		const path = join(dir, name);
		const text = readFileSync(path, 'utf8');
		const other = text.replace(from, to);
		t.not(other, text);
		writeFileSync(path, other);
		return dir;
	};
	const { name } = series[6];
	const wrong = await bisect([
		'--check',
		'--series',
		spoil(name, /^\+\tswitch \(/m, '+\tswitch  ('),
	]);
	t.equal(wrong.rc, 1);
	t.equal(wrong.out, '');
	t.match(
		wrong.err,
		new RegExp(
			`^bisect: ${name} no longer applies: net/netfilter/nf_flow_table_core\\.ts: hunk @@ -`,
		),
	);
	t.match(wrong.err, /npm run bisect -- --refresh/);
	const good = await bisect(['--check']);
	t.equal(good.rc, 0, good.err);
	t.equal(good.out, '9 patches apply\n');

	const from = series[0];
	for (const [text, why] of [
		['nothing', /no diff in it/],
		[from.rest, /no line "Subject: /],
		[
			from.head + from.rest.replaceAll('include/net/', '../net/'),
			/touches|without full hashes/,
		],
		[
			from.head + from.rest.replaceAll('include/net/', 'scripts/net/'),
			/touches scripts/,
		],
		[from.head + from.rest.replace(/^index .*$/m, 'index 1..2'), /without full hashes/],
	] as const)
		t.throws(() => parsePatch('x.patch', text), why);
	const dir = t.testdir();
	t.throws(() => readSeries(join(dir, 'none')), /no folder/);
	t.throws(() => readSeries(dir), /patches none in/);
	cpSync(join(folder, from.name), join(dir, from.name));
	t.throws(() => readSeries(dir), /patches 1 in/);
	await t.rejects(
		takeBack(series, () => null),
		{
			message: /^0009-.* no longer applies: .*nft_flowtable\.ts: No such file/,
		},
	);
});

t.test('a state that does not type-check is found', async (t) => {
	const states = await takeBack(series, tree);
	const bad = new Map(states[0]).set(
		IP,
		`${states[0].get(IP)}\nexport const broken: number = 'text';\n`,
	);
	const said: [number, string][] = [];
	await typecheck(root, [states[0], bad], (v) => said.push([v.n, v.said]));
	t.match(said[0], [0, '']);
	t.equal(said[1][0], 1);
	t.match(said[1][1], /nf_flow_table_ip\.ts\(\d+,\d+\): error TS2322/);
	for (const b of before) t.ok(existsSync(join(root, b.path)), b.path);
});

t.test('the tree moves, the series follows', async (t) => {
	const moved = (change: (text: string) => string) => (path: string) => {
		const text = tree(path);
		return path === IP && text !== null ? change(text) : text;
	};
	/* a line beside no hunk, and one among what patch 8 adds */
	const note = '/* a word of its own */\n';
	const far = moved((s) =>
		s.replace(
			'/**\n * Corrects a TCP checksum for a changed IPv4 address.',
			(m) => note + m,
		),
	);
	const near = moved(
		(s) => far(IP)!.replace('const vlan_hdr = skb.data;', (m) => `${m} // moved`) || s,
	);
	t.not(near(IP), tree(IP));
	const r = await carryOver(root, near, series);
	t.same(r.conflicts, []);
	for (const n of [0, 5, 9]) t.ok(r.states[n].get(IP)!.includes(note), `in state ${n}`);
	t.notOk(r.states[7].get(IP)!.includes('// moved'));
	t.ok(r.states[8].get(IP)!.includes('// moved'));
	const made = (await makeSeries(series, r.states)).map((p) => parsePatch(p.name, p.text));
	t.match(made[7].diff, /^\+.*const vlan_hdr = skb\.data; \/\/ moved$/m);
	const again = await takeBack(made, near);
	t.same(again, r.states);

	/* what two sides change in one place is for hands */
	const torn = moved((s) =>
		s.replace(
			/const offset = skb\.protocol === ETH_P_8021Q/g,
			'const offset = skb.protocol === 33024',
		),
	);
	const c = await carryOver(root, torn, series);
	t.same(
		c.conflicts.map((x) => x.path),
		[IP],
	);
	t.ok(c.conflicts[0].states.includes(7));
	const dir = t.testdir();
	layOut(dir, c.states);
	t.throws(() => layIn(dir, torn, touched(series)), /a conflict is still in it/);
	layOut(dir, r.states);
	t.same(layIn(dir, near, touched(series)), r.states);
	await t.rejects(
		carryOver(root, torn, [
			...series.slice(0, 8),
			{
				...series[8],
				files: new Map(
					[...series[8].files].map(([p]) => [p, '0'.repeat(40)]),
				),
			},
		]),
		/is not in this repository/,
	);
});

t.test('nothing stays behind when it is interrupted', async (t) => {
	const dir = t.testdir();
	const child = spawn(
		process.execPath,
		['--import=tsx', 'scripts/bisect.ts', '--check', '--typecheck'],
		{
			cwd: root,
			env: { ...process.env, TMPDIR: dir },
			stdio: 'ignore',
		},
	);
	const ours = (): string[] => readdirSync(dir).filter((f) => f.startsWith('simns-bisect.'));
	for (
		let i = 0;
		i < 600 && !ours().some((f) => existsSync(join(dir, f, 'node_modules')));
		i++
	)
		await setTimeout(50);
	t.equal(ours().length, 1, 'a copy of the tree');
	child.kill('SIGINT');
	const [code] = (await once(child, 'exit')) as [number | null];
	t.equal(code, 130);
	t.same(ours(), []);
});

interface data {
	rows: {
		group: string;
		test: string;
		cells: Record<string, string>;
		texts: Record<string, string>;
		changes: { from: string; to: string; patch: string }[];
	}[];
	output: Record<string, Record<string, { rc: number; lines: string[] }>>;
}

function recording(path: string): { rc: number; lines: string[] } {
	const text = readFileSync(path, 'utf8');
	return {
		rc: Number(/^rc=(\d+)$/m.exec(text)?.[1]),
		lines: text.split('\n').map((l) => l.replace(/^stderr: /, '')),
	};
}

const unpatched = (name: string): string =>
	join(import.meta.dirname, 'recordings/unpatched-5.10-kernel', `${name}.txt`);
const patched = (name: string): string =>
	join(root, 'tools/testing/selftests/simns/verdicts', `${name}.txt`);

t.test('the ported tests: colours and who changed them', async (t) => {
	const file = join(t.testdir(), 'table.json');
	const only = 'nft_flowtable,S01,S25,S31';
	const r = await bisect(['--only', only, '--states', '9,0,6,7,8,7', '--json', file]);
	t.equal(r.rc, 0, r.err);
	const { rows } = JSON.parse(readFileSync(file, 'utf8')) as data;
	const row = (group: RegExp, test: string): data['rows'][number] =>
		rows.find((x) => group.test(x.group) && x.test.startsWith(test))!;
	const cells = (x: data['rows'][number]): string =>
		['0', '6', '7', '8', '9'].map((n) => x.cells[n]).join(' ');

	/* what the real kernels printed, line by line; the recording of plain v5.10 was too slow for its last one */
	const ported = /^nft_flowtable\.sh, ported$/;
	const script = /ported(, as 9\/9 has it)?$/;
	for (const [n, path] of [
		['0', unpatched('v3-nft_flowtable')],
		['9', patched('v3-nft_flowtable')],
	] as const)
		for (const v of scriptVerdicts(recording(path).lines)) {
			if (n === '0' && v.key.startsWith('ipsec')) continue;
			const bridge = v.key.includes('bridge');
			const at = row(bridge && n === '0' ? /as 9\/9/ : ported, v.key);
			t.equal(at.cells[n], v.cell, `state ${n}: ${v.key}`);
		}
	t.ok(rows.some((x) => script.test(x.group)));

	const of9 = /as 9\/9/;
	for (const [group, test, want] of [
		[ported, 'flow offload for ns1/ns2 with bridge NAT', '- - - - ok'],
		[ported, 'exit code', 'ok ok ok ok ok'],
		[of9, 'offload: bridge NAT, masquerade', 'FAIL FAIL ok ok ok'],
		[of9, 'flow offload for ns1/ns2 with bridge NAT', 'ok ok ok ok ok'],
		[of9, 'offload: bridge NAT and VLAN, masquerade', 'FAIL FAIL FAIL ok ok'],
		[of9, 'flow offload for ns1/ns2 with bridge NAT and VLAN', 'ok FAIL FAIL ok ok'],
		[/review/, 'S01', 'not not shown shown shown'],
		[/review/, 'S25', 'shown not not shown shown'],
		[/review/, 'S31', 'not not not shown shown'],
	] as const)
		t.equal(cells(row(group, test)), want, test);
	t.equal(
		row(/review/, 'S01').texts['6'],
		'the packet: fast, expected "lost"',
		'in clear by the neighbour',
	);
	t.match(row(of9, 'flow offload for ns1/ns2 with bridge NAT and VLAN').changes, [
		{ from: 'ok', to: 'FAIL', patch: 'one of 1/9 to 6/9' },
		{ from: 'FAIL', to: 'ok', patch: `8/9 ${series[7].subject}` },
	]);

	t.match(r.out, /^after patch +0 {5}6 {5}7 {5}8 {5}9\n/);
	t.match(r.out, /\n {2}S25 three tags.* shown {3}not {3}not shown shown\n/);
	const at = r.out.indexOf(`\n8/9 ${series[7].subject}\n`);
	t.ok(at > 0);
	t.match(r.out.slice(at), /\n {2}not -> shown {3}review: S31 /);
	t.notMatch(r.out, /\x1b/, 'no colours but on a terminal');
	/* the same once more is not run again */
	const began = Date.now();
	const again = await bisect(['--only', only, '--states', '0,6,7,8,9']);
	t.equal(again.out, r.out);
	t.ok(Date.now() - began < 60_000);
});

t.test('the unmodified scripts: what the real kernels printed', async (t) => {
	const from =
		process.env['SIMNS_SCRIPTS'] ??
		join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'simns');
	const names = ['v3', '6.1', '6.12'].filter((r) => existsSync(join(from, r)));
	if (names.length === 0) {
		t.pass('no scripts', { skip: 'SIMNS_SCRIPTS names no folder with scripts' });
		return;
	}
	const file = join(t.testdir(), 'table.json');
	const r = await bisect(
		[
			'--only',
			names.map((n) => `${n} nft_flowtable.sh`).join(),
			'--states',
			'0,9',
			'--json',
			file,
		],
		from,
	);
	t.equal(r.rc, 0, r.err);
	const { output } = JSON.parse(readFileSync(file, 'utf8')) as data;
	/* lines that only the machines of the recordings gave, too slow for a transfer */
	const slow = /ipsec tunnel mode|file mismatch|with NAT$|with dnat ns1/;
	const fast = (lines: readonly string[]): string[] =>
		folded(lines)
			.filter((l) => !slow.test(l))
			.sort();
	for (const n of names)
		for (const [state, path] of [
			['0', unpatched(`${n}-nft_flowtable`)],
			['9', patched(`${n}-nft_flowtable`)],
		] as const) {
			const want = recording(path);
			const got = output[`${n} nft_flowtable.sh`][state];
			const counters = (l: string): string =>
				l.replace(/counter +N exceeds.*/, 'counter exceeds');
			t.same(
				fast(got.lines).map(counters),
				fast(want.lines).map(counters),
				`${n} at ${state}`,
			);
			if (n !== '6.1' || state === '0') t.equal(got.rc, want.rc);
		}
	/* the four lines that the patches are for */
	if (names.includes('6.12')) {
		const failed = (n: string): string[] =>
			output['6.12 nft_flowtable.sh'][n].lines.filter(
				(l) => l.startsWith('FAIL') && /bridge/.test(l),
			);
		t.equal(failed('0').length, 4);
		t.equal(failed('9').length, 0);
	}
});

t.test('--diff', async (t) => {
	const r = await bisect(['--diff', '6', '7']);
	t.equal(r.rc, 0, r.err);
	t.match(r.out, /^bridge: a connection through the router/);
	t.match(
		r.out,
		/\n {5}4 2nd answer of ns2 +\* fast, leaves by veth0 +fast, leaves by veth0\n/,
	);
	t.match(r.out, /\npacket 4: calls /);
	t.match(r.out, /\n +nf_flow_offload_ip_hook {2,}nf_flow_offload_ip_hook\n/, 'both');
	t.match(r.out, /\n +neigh_xmit +-\n/, 'to the neighbour at 6');
	t.match(r.out, /\n +br_dev_xmit +-\n/, 'through the bridge at 6');
	t.match(r.out, /\n +\+ +nf_flow_queue_xmit\n/, 'directly at 7');
	t.match(r.out, /\n\d+ calls in both, \d+ in one\n$/);
	const vlan = await bisect(['--diff', '7', '8', 'vlan', '--packet', '3']);
	t.match(vlan.out, /\n +\+ +nf_flow_vlan_pop\n/);
	const s01 = await bisect(['--diff', '1', '2', 's1', '--packet', '4']);
	t.match(s01.out, /\n +neigh_xmit +-\n/);
	t.match(s01.out, /\n +\+ +nf_flow_xmit_xfrm\n/);
	t.match((await bisect(['--diff', '8', '9'])).out, /\nevery packet makes the same calls\n$/);
	for (const [args, text] of [
		[['6', '7', 'S99'], /^bisect: no scenario S99/],
		[['6', '7', 'S13'], /^bisect: no scenario S13/],
		[['6', '7', 'bridge', '--packet', '9'], /^bisect: no packet 9: there are 4/],
	] as const) {
		const bad = await bisect(['--diff', ...args]);
		t.equal(bad.rc, 2);
		t.match(bad.err, text);
	}
	t.same(align(['a', 'b', 'c'], ['a', 'c', 'd']), [
		['a', 'a'],
		['b', null],
		['c', 'c'],
		[null, 'd'],
	]);
	t.same(align([], ['x']), [[null, 'x']]);
	const change = instrument('/r');
	t.equal(
		change('net/x.ts', 'export function f(a: number): number { return a; }'),
		'import { enter as __enter, leave as __leave } from "/r/scripts/bisect/calls.ts"; ' +
			'export function f(a: number): number {__enter("f"); try { return a; } finally { __leave(); }}',
	);
	const same = 'export function f() {}';
	t.equal(change('net/core/skbuff.ts', same), same);
	t.equal(change('tools/x.ts', same), same);
});

t.test('a wrong command line', async (t) => {
	for (const [args, text] of [
		[['--bogus'], /^bisect: Unknown option '--bogus'.*\nUsage: npm run bisect/],
		[['x'], /^bisect: not known: x\nUsage/],
		[['--states', '0,10'], /^bisect: no state 10: 0 to 9\n/],
		[['--states', ''], /^bisect: no state /],
		[['--only', 'S01', '--json', '/'], /^bisect: cannot write \/: /],
		[['--only', 'nothing-like-it'], /^bisect: no test nothing-like-it\n/],
		[['--diff', '6'], /^bisect: --diff wants two states\n/],
		[['--diff', '6', 'x'], /^bisect: no state x/],
		[['--diff', '6', '7', '--packet', '0'], /^bisect: no packet 0\n/],
		[['--packet', '1'], /^bisect: --packet is for --diff\n/],
		[['--typecheck'], /^bisect: --typecheck is for --check\n/],
		[['--check', '--refresh'], /^bisect: one of /],
		[['--check', '--only', 'S01'], /^bisect: --only, /],
		[['--rev', 'HEAD'], /^bisect: --rev is for /],
	] as const) {
		const r = await bisect(args);
		t.equal(r.rc, 2, args.join(' '));
		t.equal(r.out, '');
		t.match(r.err, text);
		t.notMatch(r.err, /\n {4}at /, 'no stack trace');
	}
	const help = await bisect(['--help']);
	t.equal(help.rc, 0);
	t.match(help.out, /^Usage: npm run bisect/);
	const none = await bisect(['--check', '--series', join(t.testdir(), 'none')]);
	t.equal(none.rc, 1);
	t.match(none.err, /^bisect: no folder /);
});
