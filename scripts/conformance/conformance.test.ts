// SPDX-License-Identifier: GPL-2.0-only
/*
 * The judge on small made-up answers, its arguments, and absent tools. With SIMNS_CONFORMANCE=guest or =host in
 * the environment also a script on a real kernel.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { type answer, empty_answer, note_mac, read_answer } from './answer.ts';
import { compare, counters_of, line_differences, summary_of } from './compare.ts';
import { cpio_archive } from './cpio.ts';
import { type expectation, expected, expectations } from './expected.ts';
import { find_kernel } from './kernel.ts';
import { parse, run } from './main.ts';
import { report } from './report.ts';
import { run_in_simulator } from './simulator.ts';
import { absent_error, find_tool, need_tools } from './tools.ts';

t.setTimeout(600_000);

const folder = mkdtempSync(join(tmpdir(), 'conformance-test.'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

const MACS = { a: '02:00:00:00:00:0a', b: '02:00:00:00:00:0b' };

/** An UDP datagram of ten bytes from a to b; tags outermost first. */
function udp(ttl: number, sport: number, tags: readonly number[] = [], src = MACS.a): Uint8Array {
	const mac = (m: string): number[] => m.split(':').map((x) => parseInt(x, 16));
	const ip = [0x45, 0, 0, 38, 0, 0, 0, 0, ttl, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
	return Uint8Array.from([
		...mac(MACS.b),
		...mac(src),
		...tags.flatMap((vid) => [0x81, 0, vid >> 8, vid & 255]),
		...[8, 0, ...ip],
		...[sport >> 8, sport & 255, 0, 9, 0, 18, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
	]);
}

function an_answer(change: (a: answer) => void = () => {}): answer {
	const a = empty_answer('simulator');
	a.names.push('ns1-abcdef12');
	note_mac(a.macs, MACS.a, 'ns1-abcdef12/eth0');
	a.stdout = 'PASS: ns1-abcdef12 can be reached\ndone in /tmp/tmp.0123456789\n';
	a.files.set('summary.txt', 'udp=20\nttl=63:20\n');
	a.rulesets.push({
		ns: 'ns1-abcdef12',
		text: 'table ip t {\n\tcounter c {\n\t\tpackets 3 bytes 252\n\t}\n\n\tchain i {\n\t\tudp dport 9 counter packets 7 bytes 266\n\t}\n}\n',
	});
	for (let i = 0; i < 20; i++)
		a.frames.push({
			ns: 'ns1-abcdef12',
			dev: 'eth0',
			out: true,
			time_ns: i,
			data: udp(64, 40000),
			len: 52,
		});
	change(a);
	return a;
}

function differences(change: (a: answer) => void): string[] {
	return compare(an_answer(), an_answer(change)).differences.map(
		(d) => `${d.where}|${d.at}|${d.what}|${d.simulator ?? '-'}|${d.kernel ?? '-'}`,
	);
}

t.test('two answers that differ by chance alone are the same', (t: Test) => {
	const other = an_answer();
	const text = (s: string): string =>
		s
			.replaceAll('ns1-abcdef12', 'ns1-Zyx98765')
			.replaceAll('tmp.0123456789', 'tmp.qwertzuiop');
	other.names = ['ns1-Zyx98765'];
	other.macs = new Map([['02:99:99:99:99:99', 'ns1-Zyx98765/eth0']]);
	other.stdout = text(other.stdout);
	for (const r of other.rulesets) r.ns = text(r.ns);
	for (const f of other.frames) {
		f.ns = text(f.ns);
		f.data = udp(64, 50000, [], '02:99:99:99:99:99');
		f.time_ns += 1e9;
	}
	const c = compare(an_answer(), other);
	t.same(c.differences, []);
	t.equal(c.compared, 2 + 1 + 2 + 2 + 1);
	t.end();
});

t.test('every kind of difference is reported', (t: Test) => {
	t.same(
		differences((a) => (a.stdout = a.stdout.replace('PASS', 'FAIL'))),
		[
			'output|stdout||PASS: ns1-abcdef12 can be reached|FAIL: ns1-abcdef12 can be reached',
		],
	);
	t.same(
		differences((a) => (a.stderr = 'oops\n')),
		['output|stderr||-|oops'],
	);
	t.same(
		differences((a) => (a.rc = 1)),
		['exit|exit code||0|1'],
	);
	t.same(
		differences((a) => (a.timed_out = true)),
		['exit|exit code||0|stopped: too long'],
	);
	t.same(
		differences((a) => a.files.set('summary.txt', 'udp=19\nnew=1\n')),
		[
			'summary|summary.txt|udp|20|19',
			'summary|summary.txt|ttl|63:20|-',
			'summary|summary.txt|new|-|1',
		],
	);
	t.same(
		differences((a) => a.files.delete('summary.txt')),
		['summary|summary.txt|the file|is there|-'],
	);
	t.same(
		differences(
			(a) =>
				(a.rulesets[0].text = a.rulesets[0].text.replace(
					'packets 7 bytes 266',
					'packets 0 bytes 0',
				)),
		),
		[
			'counter|ns1-abcdef12|table ip t, chain i, udp dport 9 counter|packets 7 bytes 266|packets 0 bytes 0',
		],
	);
	t.same(
		differences((a) => (a.rulesets = [])).map((d) => d.split('|')[4]),
		['-', '-'],
	);
	const kind = '<ns1-abcdef12/eth0> > 02:00:00:00:00:0b';
	const at = 'frames|ns1-abcdef12/eth0 out|';
	const rest = '10.0.0.1.* > 10.0.0.2.9 UDP 10 ttl';
	t.same(
		differences((a) => a.frames.pop()),
		[`${at}${kind} ${rest} 64|20 times|19 times`],
		'number',
	);
	t.same(
		differences((a) => (a.frames[0].data = udp(63, 40000))),
		[`${at}${kind} ${rest} 64|20 times|19 times`, `${at}${kind} ${rest} 63|-|1 times`],
		'TTL',
	);
	t.same(
		differences((a) => (a.frames[0].data = udp(64, 40000, [10]))).at(-1),
		`${at}${kind} c10 ${rest} 64|-|1 times`,
		'tag',
	);
	t.same(
		differences((a) => (a.frames[0].data = udp(64, 40000, [], MACS.b))).at(-1),
		`${at}02:00:00:00:00:0b > 02:00:00:00:00:0b ${rest} 64|-|1 times`,
		'MAC',
	);
	t.same(
		differences((a) => (a.frames[0].out = false))[0],
		`frames|ns1-abcdef12/eth0 in|${kind} ${rest} 64|-|1 times`,
		'direction',
	);
	t.end();
});

t.test('lines, summaries, counters', (t: Test) => {
	t.same(line_differences(['a', 'b', 'c', 'd'], ['a', 'x', 'c', 'd', 'e']), [
		{ a: ['b'], b: ['x'] },
		{ a: [], b: ['e'] },
	]);
	t.same(line_differences([], []), []);
	const many = Array.from({ length: 3000 }, (_, i) => `line ${i}`);
	t.same(line_differences(['x', ...many, 'y'], ['z', ...many.toReversed(), 'w']), [
		{ a: ['x', 'y'], b: ['z', 'w'] },
	]);
	t.equal(summary_of('t=1 ct=2\nt=2 ct=3\n'), null, 'a timeline is no summary');
	t.equal(summary_of('a line\n'), null);
	t.same(
		[...(summary_of('a=b=c\n\nd=\n') ?? [])],
		[
			['a', 'b=c'],
			['d', ''],
		],
	);
	const rule =
		'table ip t {\n\tset s {\n\t\telements = { 10.0.0.1 counter packets 1 bytes 2, 10.0.0.2 counter packets 3 bytes 4 }\n\t}\n}\n';
	t.same([...counters_of(rule).values()], ['packets 1 bytes 2', 'packets 3 bytes 4']);
	t.end();
});

t.test('the table of what is expected', (t: Test) => {
	const d = {
		where: 'frames',
		at: 'ns/eth0 in',
		what: 'x > ff:ff:ff:ff:ff:ff ARP request a > b',
		simulator: '1 times',
		kernel: '2 times',
	} as const;
	t.match(expected(d, '6.1.0', 'x.sh'), /neighbour/);
	t.equal(
		expected({ ...d, kernel: null }, '6.1.0', 'x.sh'),
		null,
		'ARP on one side only is no chance',
	);
	t.equal(expected({ ...d, where: 'output' }, '6.1.0', 'x.sh'), null);
	const at = {
		where: 'frames',
		at: 'nsr2-X/veth0 out',
		simulator: null,
		kernel: '1 times',
	} as const;
	for (const [what, release, want] of [
		['<a/x> > <b/y> 10.0.2.99.12345 > 10.0.1.99.* TCP ttl 63 DF', '6.1.0', /SYN-ACK/],
		['<a/x> > <b/y> 10.0.2.99.12345 > 10.0.1.99.* TCP ttl 63 DF', '5.10.0', null],
		['<a/x> > <b/y> 10.0.2.99.12345 > 10.0.1.99.* TCP ttl 62', '6.1.0', null],
		['<a/x> > <b/y> c10 ARP request 10.0.1.1 > 10.0.1.99', '6.1.0', /life time/],
		[
			'<a/x> > 01:00:5e:00:00:16 10.0.1.1 > 224.0.0.22 proto 2 16 ttl 1 DF tos 0xc0',
			'6.1.0',
			/IGMP/,
		],
		['<a/x> > <b/y> 10.0.0.1.* > 10.0.0.2.9 UDP 10 ttl 64', '6.1.0', null],
	] as const) {
		const why = expected({ ...at, what }, release, 'x.sh');
		if (want === null) t.equal(why, null, what);
		else t.match(why, want, what);
	}
	const table: expectation[] = [
		{ where: 'frames', pattern: /ARP/, since: [5, 19], script: /^x/, reason: 'why' },
	];
	for (const [release, script, want] of [
		['5.19.0', 'x.sh', 'why'],
		['6.1.0-56-amd64', 'x.sh', 'why'],
		['5.18.9', 'x.sh', null],
		['6.1.0', 'y.sh', null],
		['unknown', 'x.sh', null],
	] as const)
		t.equal(expected(d, release, script, table), want, `${release} ${script}`);
	const tcp = {
		where: 'counter',
		at: 'nsr1',
		what: 'table inet filter, counter routed_orig',
	} as const;
	const bytes = (n: number, m: number): string | null =>
		expected(
			{
				...tcp,
				simulator: `packets 9 bytes ${n}`,
				kernel: `packets 30 bytes ${m}`,
			},
			'5.10.0',
			'x.sh',
		);
	t.match(bytes(800_000, 900_000), /segments/);
	t.equal(bytes(8_000_000, 1000), null, 'what is offloaded and what not is no chance');
	t.equal(
		expected(
			{
				...tcp,
				what: 'table inet filter, counter fwd_udp_o',
				simulator: 'packets 1 bytes 28',
				kernel: 'packets 2 bytes 56',
			},
			'5.10.0',
			'x.sh',
		),
		null,
		'UDP is exact',
	);
	for (const e of expectations) t.ok(e.reason.length > 20, `a reason: ${e.pattern.source}`);
	t.end();
});

t.test('the report', (t: Test) => {
	const k = an_answer((a) => {
		a.rc = 1;
		a.lost = 3;
		a.stdout += 'more\n';
	});
	const c = compare(an_answer(), k);
	const all = report('x.sh', an_answer(), k, c, () => null);
	t.equal(all.unexpected, 2);
	t.match(
		all.text,
		/DIFFERENT output\n +kernel\| more\nDIFFERENT exit code\n {2}exit code\n {4}simulator 0, kernel 1\n/,
	);
	t.match(all.text, /3 lost to the capture/);
	const none = report('x.sh', an_answer(), k, c, () => 'a reason');
	t.equal(none.unexpected, 0);
	t.match(
		none.text,
		/expected: a reason\n[^]*and 1 more\n[^]*0 different, 2 different as expected\n$/,
	);
	t.end();
});

t.test('what run.sh and watch.pl leave is read', (t: Test) => {
	const dir = join(folder, 'results');
	mkdirSync(join(dir, 'out'), { recursive: true });
	const slot = new Uint8Array(256);
	const v = new DataView(slot.buffer);
	const frame = udp(64, 40000);
	v.setUint32(0, 0x51, true);
	v.setUint32(4, frame.length, true);
	v.setUint32(8, frame.length, true);
	v.setUint16(12, 66, true);
	v.setUint32(16, 7, true);
	v.setUint16(24, 5, true);
	v.setUint16(26, 0x88a8, true);
	v.setInt32(36, 2, true);
	v.setUint16(40, 1, true);
	slot[42] = 4;
	slot.set(frame, 66);
	writeFileSync(join(dir, 'frames.1'), Buffer.concat([slot, slot.subarray(0, 100)]));
	writeFileSync(
		join(dir, 'devices'),
		`ns 0 init\nns 1 a\nadd 1 2 eth0 ${MACS.a}\nadd 1 3 lo 00:00:00:00:00:00\nlost 1 4\n`,
	);
	writeFileSync(join(dir, 'rc'), '3\n');
	writeFileSync(join(dir, 'release'), '6.1.0\n');
	writeFileSync(join(dir, 'ruleset.1'), 'table ip t {\n}\n');
	writeFileSync(join(dir, 'out/summary.txt'), 'a=1\n');
	writeFileSync(join(dir, 'out/x.pcap'), Uint8Array.of(1, 0, 2));
	const a = read_answer(dir, 'kernel');
	t.match(a, { rc: 3, release: '6.1.0', lost: 4, timed_out: false, rulesets: [{ ns: 'a' }] });
	t.same([...a.macs], [[MACS.a, 'a/eth0']]);
	t.same([...a.files.keys()], ['summary.txt']);
	t.equal(a.frames.length, 1);
	const [f] = a.frames;
	t.match(f, { ns: 'a', dev: 'eth0', out: true, time_ns: 7e9, len: frame.length + 4 });
	t.same([...f.data.subarray(12, 18)], [0x88, 0xa8, 0, 5, 8, 0]);
	t.end();
});

t.test('a first file system that cpio reads', (t: Test) => {
	const c = new cpio_archive();
	c.file('/usr/bin/x', 'text\n', 0o755);
	c.file('usr/bin/x', 'never', 0o644);
	c.link('bin', 'usr/bin');
	const bytes = c.bytes();
	t.equal(bytes.length % 4, 0);
	if (find_tool('cpio') === null) t.pass('no cpio here', { skip: 'no cpio here' });
	else {
		const r = spawnSync('cpio', ['-it', '--quiet'], { input: bytes, encoding: 'utf8' });
		t.same(r.stdout.trim().split('\n'), ['usr', 'usr/bin', 'usr/bin/x', 'bin']);
	}
	t.end();
});

/** The judge's exit code and words. */
async function judge(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
	let [out, err] = ['', ''];
	const code = await run(argv, { out: (x) => (out += x), err: (x) => (err += x) });
	return { code, out, err };
}

t.test('arguments', async (t: Test) => {
	const script = join(folder, 'x.sh');
	writeFileSync(script, 'echo hello\n');
	for (const [argv, why] of [
		[[], /which script/],
		[['--nope', script], /not known: --nope/],
		[['-x', script], /not known: -x/],
		[[join(folder, 'absent.sh')], /no such file/],
		[[folder], /no such file/],
		[['--timeout', 'soon', script], /not a number/],
		[['--timeout', '0', script], /no time/],
		[['--stretch=0', script], /--stretch takes/],
		[['--kernel'], /--kernel of what/],
		[['--host=1', script], /takes no value/],
		[['--host', '--kernel', 'x', script], /no kernel of its own/],
		[['--with', '/nope', script], /no such file: \/nope/],
	] as const) {
		const r = await judge(...argv);
		t.equal(r.code, 2, argv.join(' '));
		t.match(r.err, why);
		t.match(r.err, /^Usage: /m);
	}
	t.match(await judge('--help'), { code: 0, out: /^Usage: / });
	t.match(parse(['--seed=7', '--stretch', '3', script, '--', '-o', '9000']), {
		seed: 7,
		stretch: 3,
		scripts: [script],
		args: ['-o', '9000'],
	});
});

t.test('absent tools are named with their packages, exit code 4', async (t: Test) => {
	try {
		need_tools(['bash', 'nosuchtool', 'nc-nope'], '');
		t.fail('found what is not there');
	} catch (e) {
		t.ok(e instanceof absent_error);
		t.match(
			String(e),
			/not here: nosuchtool nc-nope\n {2}apt-get install nc-nope nosuchtool$/,
		);
	}
	const script = join(folder, 'y.sh');
	writeFileSync(script, 'true\n');
	for (const kernel of ['/nope', folder, script]) {
		const r = await judge('--kernel', kernel, script);
		t.equal(r.code, 4, kernel);
		t.notMatch(r.err, /at .*\.ts:/, 'no stack');
	}
	const bad = join(folder, 'bad.deb');
	writeFileSync(bad, 'no package');
	t.match(await judge('--kernel', bad, script), { code: 4, err: /bad\.deb/ });
	const image = join(folder, 'boot');
	mkdirSync(image);
	writeFileSync(join(image, 'vmlinuz-1.2.3'), '');
	mkdirSync(join(folder, 'lib/modules/1.2.3'), { recursive: true });
	writeFileSync(join(folder, 'lib/modules/1.2.3/modules.dep'), '');
	t.match(find_kernel(folder), { release: '1.2.3', root: folder });
	t.match(find_kernel(join(image, 'vmlinuz-1.2.3')), { release: '1.2.3' });
});

const SCRIPT = `#!/bin/bash
a=a-$(mktemp -u XXXXXXXX)
ip netns add $a; ip netns add b
ip link add v0 netns $a type veth peer name v0 netns b
for n in $a b; do ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1; ip -n $n link set v0 up; done
ip -n $a addr add 10.0.0.1/24 dev v0; ip -n b addr add 10.0.0.2/24 dev v0
ip netns exec b nft -f - <<EOF
table ip t { counter c { }
 chain i { type filter hook input priority 0; ip protocol icmp counter name c; }
}
EOF
ip netns exec $a ping -q -c 3 -i 0.2 10.0.0.2 | grep transmitted
echo "namespace $a"; echo words >&2
echo "pings=3" > "$OUT/summary.txt"
[ "$1" = keep ] || ip netns del b; ip netns del $a
exit 5
`;

t.test('the simulator answers', async (t: Test) => {
	const script = join(folder, 'pings.sh');
	writeFileSync(script, SCRIPT);
	for (const args of [[], ['keep']]) {
		const a = await run_in_simulator({
			script,
			args,
			interpreter: ['bash'],
			seed: 1,
			timeout_s: 60,
		});
		t.equal(a.rc, 5);
		t.match(a.stdout, /^3 packets transmitted.*\nnamespace a-\w{8}\n$/);
		t.equal(a.stderr, 'words\n');
		t.same([...a.files], [['summary.txt', 'pings=3\n']]);
		const text = a.rulesets.find((r) => r.ns === 'b')?.text ?? '';
		t.same([...counters_of(text).values()], ['packets 3 bytes 252']);
		t.equal(a.frames.filter((f) => f.ns === 'b' && !f.out && f.len === 98).length, 3);
		t.equal(a.macs.size, 2);
		t.equal(process.env['OUT'], undefined);
	}
});

const asked = process.env['SIMNS_CONFORMANCE'];

t.test(
	'a script on a real kernel',
	{ skip: asked === undefined ? 'SIMNS_CONFORMANCE does not ask for it' : false },
	async (t: Test) => {
		const script = join(folder, 'real.sh');
		writeFileSync(script, SCRIPT);
		chmodSync(script, 0o755);
		const kernel = process.env['SIMNS_KERNEL'];
		const how =
			asked === 'host'
				? ['--host']
				: kernel === undefined
					? []
					: ['--kernel', kernel];
		const same = await judge(...how, '--keep', join(folder, 'kept'), script);
		if (same.code === 4) {
			t.pass(same.err, { skip: same.err.split('\n')[0] });
			return;
		}
		t.match(same, {
			code: 0,
			out: /\n\d+ compared, 0 different, \d+ different as expected\n$/,
		});
		writeFileSync(
			script,
			SCRIPT.replace(
				'echo words',
				'case $PATH in *simns.*) echo only here;; esac; echo words',
			),
		);
		const other = await judge(...how, script);
		t.match(other, { code: 1, out: /DIFFERENT output\n {2}simulator\| only here\n/ });
	},
);
