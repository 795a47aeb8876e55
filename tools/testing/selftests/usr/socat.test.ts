// SPDX-License-Identifier: GPL-2.0-only
/*
 * socat between two namespaces. Messages and exit codes are those of socat 1.7.4.4 in namespaces of a
 * real kernel; the process number in them is taken out.
 */
import t from 'tap';
import { open_stdin, type result, World } from '../lib/world.ts';

/** Two hosts on one wire: a has 10.0.0.1 and 2001:db8::1, b has .2 and ::2. */
function hosts(): World {
	const w = new World();
	for (const c of [
		'ip netns add a',
		'ip netns add b',
		'ip link add veth0 netns a type veth peer name veth0 netns b',
	])
		w.must(c);
	for (const [i, ns] of ['a', 'b'].entries())
		for (const c of [
			'ip link set lo up',
			'ip link set veth0 up',
			`ip addr add 10.0.0.${i + 1}/24 dev veth0`,
			`ip addr add 2001:db8::${i + 1}/64 dev veth0 nodad`,
		])
			w.must(c, { netns: ns });
	return w;
}

/** What a program said on standard error, without date and process number. */
function said(r: result): string {
	return r.err.replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d socat\[\d+\] /gm, '');
}

/** Random-looking bytes. */
function some_bytes(n: number): Uint8Array {
	const b = new Uint8Array(n);
	for (let i = 0, v = 1; i < n; i++) {
		v = (Math.imul(v, 1103515245) + 12345) >>> 0;
		b[i] = v >>> 16;
	}
	return b;
}

void t.test('a file each way over one connection', (t) => {
	const w = hosts();
	const up = some_bytes(300_000);
	const down = some_bytes(200_001);
	const l = w.spawn('socat -4 TCP-LISTEN:12345,reuseaddr STDIO > /l', { netns: 'b', stdin: down });
	w.sleep(0.1);
	const r = w.sh('socat -4 TCP:10.0.0.2:12345 STDIO > /c', { netns: 'a', stdin: up });
	t.equal(r.rc, 0);
	t.equal(r.err, '');
	t.equal(w.wait(l).rc, 0);
	t.ok(Buffer.from(up).equals(w.read_file('/l')), 'client to server');
	t.ok(Buffer.from(down).equals(w.read_file('/c')), 'server to client');
	t.same(w.check_leaks(), []);
	t.end();
});

void t.test('ends', (t) => {
	const w = hosts();
	const l = w.spawn('socat -t 9 TCP-LISTEN:12345 STDIO > /l', { netns: 'b', stdin: open_stdin() });
	w.sleep(0.1);
	let began = w.m.now_ns;
	let r = w.sh('socat - TCP:10.0.0.2:12345', { netns: 'a', stdin: 'question\n' });
	t.equal(r.rc, 0);
	/* 0.5 s after the end of the one the other is closed, too; the program itself took 1 ms to start */
	t.equal(Math.round((w.m.now_ns - began) / 1e6), 501);
	t.equal(w.wait(l).rc, 0);
	t.equal(Buffer.from(w.read_file('/l')).toString(), 'question\n');

	for (const [args, ms] of [
		['-t 2', 2001],
		['-t 0.01', 11],
		['-t 2 -T 1', 2001],
	] as const) {
		const q = w.spawn('socat -t 9 TCP-LISTEN:12346,reuseaddr STDIO', {
			netns: 'b',
			stdin: open_stdin(),
		});
		w.sleep(0.1);
		began = w.m.now_ns;
		r = w.sh(`socat ${args} - TCP:10.0.0.2:12346`, { netns: 'a', stdin: '' });
		t.equal(r.rc, 0);
		t.equal(Math.round((w.m.now_ns - began) / 1e6), ms, args);
		w.wait(q);
	}

	/* nothing at all for some time */
	const s = w.spawn('socat TCP-LISTEN:12347 STDIO', { netns: 'b', stdin: open_stdin() });
	w.sleep(0.1);
	began = w.m.now_ns;
	r = w.sh('socat -T 0.3 - TCP:10.0.0.2:12347', { netns: 'a', stdin: open_stdin() });
	t.equal(r.rc, 0);
	t.equal(Math.round((w.m.now_ns - began) / 1e6), 301);
	w.wait(s);

	/* one way: the end is the end */
	const u = w.spawn('socat -u TCP-LISTEN:12348 STDOUT', { netns: 'b' });
	w.sleep(0.1);
	began = w.m.now_ns;
	r = w.sh('socat -u STDIN TCP:10.0.0.2:12348', { netns: 'a', stdin: 'one way\n' });
	t.equal(r.rc, 0);
	t.ok(w.m.now_ns - began < 10e6, 'no waiting');
	t.equal(w.wait(u).out, 'one way\n');
	t.same(w.check_leaks(), []);
	t.end();
});

void t.test('what it says when it cannot', (t) => {
	const w = hosts();
	const refusals: [string, string][] = [
		['socat TCP:10.0.0.2:99 STDIO', 'E connect(5, AF=2 10.0.0.2:99, 16): Connection refused\n'],
		[
			'socat TCP6:[2001:db8::2]:99 STDIO',
			'E connect(5, AF=10 [2001:0db8:0000:0000:0000:0000:0000:0002]:99, 28): Connection refused\n',
		],
		[
			'socat -4 TCP:[2001:db8::2]:99 STDIO',
			'E connect(5, AF=10 [2001:0db8:0000:0000:0000:0000:0000:0002]:99, 28): Connection refused\n',
		],
		['socat TCP:10.1.1.1:99 STDIO', 'E connect(5, AF=2 10.1.1.1:99, 16): Network is unreachable\n'],
		[
			'socat -u STDIN',
			'E exactly 2 addresses required (there are 1); use option "-h" for help\n',
		],
		['socat', 'E exactly 2 addresses required (there are 0); use option "-h" for help\n'],
		['socat a b c', 'E exactly 2 addresses required (there are 3); use option "-h" for help\n'],
		['socat FOO:1 STDIO', 'E unknown device/address "FOO"\n'],
		['socat TCP:1.2.3 STDIO', 'E TCP: wrong number of parameters (1 instead of 2)\n'],
		['socat TCP:::1:99 STDIO', 'E TCP: wrong number of parameters (4 instead of 2)\n'],
		['socat TCP:10.0.0.2:99,foo=1 STDIO', 'E parseopts_table(): unknown option "foo"\n'],
		[
			'socat TCP:foo.bar:99 STDIO',
			'E getaddrinfo("foo.bar", "NULL", {1,0,1,6}, {}): Temporary failure in name resolution\n',
		],
		['socat -u OPEN:/nonex STDOUT', 'E open("/nonex", 00, 0666): No such file or directory\n'],
		[
			'socat -u STDIN OPEN:/nonex,trunc',
			'E open("/nonex", 01001, 0666): No such file or directory\n',
		],
		['socat -Z', 'E unknown option "-Z"; use option "-h" for help\n'],
		['socat EXEC:/bin/true STDIO', 'simns: unsupported: socat EXEC:/bin/true STDIO\n'],
	];
	for (const [command, text] of refusals) {
		const r = w.sh(command, { netns: 'a' });
		t.equal(said(r), text, command);
		t.equal(r.rc, 1, command);
	}
	const l = w.spawn('socat TCP-LISTEN:99 STDIO', { netns: 'a' });
	w.sleep(0.1);
	const r = w.sh('socat TCP-LISTEN:99 STDIO', { netns: 'a' });
	t.equal(said(r), 'E bind(5, {AF=2 0.0.0.0:99}, 16): Address already in use\n');
	t.equal(r.rc, 1);
	/* it catches the signal: an exit, not a death */
	w.kill(l);
	w.wait(l);
	t.equal(l.exit_code, 143);
	t.equal(l.term_signal, 0);

	w.must(
		"nft 'table ip t { chain o { type filter hook output priority 0; tcp dport 91 drop; }; }'",
		{ netns: 'a' },
	);
	const slow = w.sh('socat - TCP:10.0.0.2:91,connect-timeout=0.3', { netns: 'a' });
	t.equal(said(slow), 'E connecting to AF=2 10.0.0.2:91: Connection timed out\n');
	t.equal(slow.rc, 1);
	t.same(w.check_leaks(), []);
	t.end();
});

void t.test('datagrams', (t) => {
	const w = hosts();
	/* the answer of a router that listens */
	const l = w.spawn('socat -u STDIN UDP4-LISTEN:1405', { netns: 'b', stdin: 'ROUTER\n' });
	w.sleep(0.1);
	let r = w.sh('socat - UDP:10.0.0.2:1405,sourceport=41404', { netns: 'a', stdin: 'data\n' });
	t.equal(r.out, 'ROUTER\n');
	t.equal(w.wait(l).rc, 0);

	/* a block of a file is a datagram: 8192 bytes, then the rest */
	const big = some_bytes(10_000);
	w.write_file('/got', '');
	const recv = w.spawn('socat -u UDP4-RECV:4233 OPEN:/got', { netns: 'b' });
	w.sleep(0.1);
	r = w.sh('socat - UDP4-SENDTO:10.0.0.2:4233', { netns: 'a', stdin: big });
	t.equal(r.rc, 0);
	w.sleep(0.1);
	t.ok(Buffer.from(big).equals(w.read_file('/got')));
	w.kill(recv);

	/* a child for each peer */
	const f = w.spawn('socat -u UDP-LISTEN:12345,fork STDOUT', { netns: 'b' });
	w.sleep(0.1);
	for (const text of ['a\n', 'b\n'])
		w.must('socat -u - UDP:10.0.0.2:12345', { netns: 'a', stdin: text });
	w.sleep(0.1);
	w.kill(f);
	t.equal(w.wait(f).out, 'a\nb\n');
	for (const p of w.processes.slice()) w.kill(p);

	/* nobody there: the answer is an error, but only of a socket that reads */
	r = w.sh('socat - UDP:10.0.0.2:77', { netns: 'a', stdin: 'x\n' });
	t.equal(r.rc, 1);
	t.match(said(r), /^E read\(5, 0x[0-9a-f]+, 8192\): Connection refused\n$/);
	r = w.sh('socat -u STDIN UDP4-SENDTO:10.0.0.2:77', { netns: 'a', stdin: 'x\n' });
	t.equal(r.rc, 0);
	r = w.sh('socat STDIN UDP4-DATAGRAM:10.0.0.2:77', { netns: 'a', stdin: 'x\n' });
	t.equal(r.rc, 0);

	r = w.sh('socat -u OPEN:/dev/zero,rdonly=1,readbytes=5 STDOUT', { netns: 'a' });
	t.equal(r.rc, 1, 'there is no such device here');
	w.write_file('/five', '1234567');
	t.equal(w.must('socat -u OPEN:/five,rdonly=1,readbytes=5 STDOUT', { netns: 'a' }), '12345');
	t.same(w.check_leaks(), []);
	t.end();
});

void t.test('many connections', (t) => {
	const w = hosts();
	const l = w.spawn('socat -u TCP-LISTEN:5201,fork STDOUT', { netns: 'b' });
	w.sleep(0.1);
	for (const x of ['one', 'two', 'three'])
		w.must('socat -u STDIN TCP:10.0.0.2:5201', { netns: 'a', stdin: `${x}\n` });
	w.sleep(0.1);
	w.kill(l);
	t.equal(w.wait(l).out, 'one\ntwo\nthree\n');
	const six = w.spawn('socat -u -6 TCP-LISTEN:80 STDOUT', { netns: 'b' });
	w.sleep(0.1);
	w.must('socat -u -6 STDIN TCP:[2001:db8::2]:80', { netns: 'a', stdin: 'six\n' });
	t.equal(w.wait(six).out, 'six\n');
	t.same(w.check_leaks(), []);
	t.end();
});

t.test('iperf3: what the real one has and this one has not is said', (t) => {
	const w = new World();
	for (const c of ['iperf3 -s -DB 10.0.0.1', 'iperf3 -c 10.0.0.1 --bind=10.0.0.2'])
		t.same(w.sh(c), { rc: 1, out: '', err: `simns: unsupported: ${c}\n` });
	t.match(w.sh('iperf3 -c 10.0.0.1 -Q').err, /^iperf3: parameter error - invalid option -- 'Q'/);
	t.end();
});
