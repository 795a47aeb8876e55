// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scripts of the host in worlds of their own: what they see, how time goes by for them, that the same
 * seed gives the same run, and that nothing is left of them however they end.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
	closeSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readdirSync,
	readFileSync,
	rmSync,
	watch,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import t, { type Test } from 'tap';
import { pcap_read } from '../lib/pcap.ts';
import { type run_settings, simns_server } from './server.ts';

const tools = ['bash', 'perl'].filter((c) => spawnSync(c, ['-c', '0']).error !== undefined);
if (tools.length > 0) {
	t.plan(0, `not installed: ${tools.join(' ')}`);
	process.exit(0);
}

interface outcome {
	rc: number;
	out: string;
	err: string;
	/** The run's own folder. */
	dir: string;
	wall_s: number;
}

/* real processes take real time, more of it on a busy machine */
t.setTimeout(300_000);

/* the names of sockets are short: not in the folder of the tests */
const folder = mkdtempSync(join(tmpdir(), 'simns-test.'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
let runs = 0;

/** Runs the text of a script in this process. */
async function simns(text: string, more: Partial<run_settings> = {}): Promise<outcome> {
	const n = ++runs;
	const path = join(folder, `script${n}.sh`);
	writeFileSync(path, text);
	const out = openSync(join(folder, `out${n}`), 'w');
	const err = openSync(join(folder, `err${n}`), 'w');
	const began = performance.now();
	const server = new simns_server({
		seed: 1,
		pcap: null,
		timeout_s: 100,
		trace: null,
		argv: ['bash', path],
		cwd: folder,
		interactive: false,
		script_text: text,
		stdio: ['ignore', out, err],
		...more,
	});
	const rc = await server.run();
	closeSync(out);
	closeSync(err);
	return {
		rc,
		out: readFileSync(join(folder, `out${n}`), 'utf8'),
		err: readFileSync(join(folder, `err${n}`), 'utf8'),
		dir: server.dir,
		wall_s: (performance.now() - began) / 1000,
	};
}

/** Two namespaces a and b, 10.0.0.1 and 10.0.0.2. */
const TWO = `
ip netns add a; ip netns add b
ip link add v0 netns a type veth peer name v0 netns b
ip -n a link set v0 up; ip -n b link set v0 up
ip -n a addr add 10.0.0.1/24 dev v0; ip -n b addr add 10.0.0.2/24 dev v0
`;

function lines(text: string): string[] {
	return text.trimEnd().split('\n');
}

t.test('what is printed line by line arrives whole, however slow its reader', async (t: Test) => {
	const r = await simns(`${TWO}
ip netns exec b tcpdump -U -nn -i v0 -w x.pcap icmp 2>/dev/null & sleep 1
ip netns exec a ping -q -c 1000 -i 0.01 10.0.0.2 >/dev/null; kill -INT $!; wait
tcpdump -nn -r x.pcap 2>/dev/null | (sleep 1; wc -l)
for n in {1..4}; do tcpdump -nn -r x.pcap 2>/dev/null; done | (sleep 1; wc -l)
rm x.pcap`);
	t.same(lines(r.out), ['2000', '8000']);
	t.equal(r.err, '');
});

t.test('pkill, pgrep, killall and pidof know the script alone, by the names of its programs', async (t: Test) => {
	const r = await simns(`${TWO}
ip netns exec b tcpdump -nn -i v0 -w y.pcap 2>/dev/null &
pid=$!; sleep 1
[ "$(pgrep tcpdump)" = $pid ] && echo found
[ "$(pidof tcpdump)" = $pid ] && echo found
pgrep -f 'tcpdump -nn -i v[0-9]' -c; pgrep -x dump; echo "none $?"
ip netns exec b pkill -INT tcpdump; echo "pkill $?"
wait $pid; echo "ended $?"; rm y.pcap
sleep 100 & slept=$!; sleep 100 & ip netns exec a nc -l 1 & sleep 1
pgrep -c sleep; killall sleep; echo "killall $?"; wait $slept; echo "sleep $?"
killall sleep; echo "again $?"
pkill -P $$ -x nc; echo "nc $?"; wait; pidof nc; echo "gone $?"
pgrep; echo "usage $?"; pgrep node; echo "node $?"`);
	t.same(lines(r.out), [
		...['found', 'found', '1', 'none 1', 'pkill 0', 'ended 0', '2', 'killall 0', 'sleep 143'],
		...['again 1', 'nc 0', 'gone 1', 'usage 2', 'node 1'],
	]);
	t.match(r.err, /^sleep: no process found$/m);
	t.match(r.err, /^pgrep: no matching criteria specified$/m);
});

t.test('a topology by hand', async (t: Test) => {
	const r = await simns(`${TWO}
ip netns exec a ping -c 2 -q 10.0.0.2 | grep transmitted
ip netns list
ip netns exec a sysctl -n net.ipv4.ip_forward
ip netns exec a nft -f - <<EOF
table inet f { chain c { type filter hook output priority 0; icmp type echo-request counter drop; }; }
EOF
ip netns exec a ping -c 1 -W 1 -q 10.0.0.2 >/dev/null; echo "ping $?"
ip netns exec a nft list ruleset | grep -o 'packets [0-9]*'
ip netns exec nope true; echo "nope $?"
command -v ip >/dev/null && which nft >/dev/null && id -u
modprobe veth; echo "veth $?"; modprobe -q nosuch; echo "nosuch $?"
exit 3
`);
	t.same(lines(r.out), [
		'2 packets transmitted, 2 received, 0% packet loss, time 1000ms',
		'b',
		'a',
		'0',
		'ping 1',
		'packets 1',
		'nope 255',
		'0',
		'veth 0',
		'nosuch 1',
	]);
	t.equal(r.rc, 3);
	t.match(r.err, 'Cannot open network namespace "nope"');
	t.notOk(existsSync(r.dir), 'the folder of the run is gone');
});

t.test('time is virtual', async (t: Test) => {
	const r = await simns(`${TWO}
d() { date +%s; }
s=$(d); sleep 3600; echo "sleep $(( $(d) - s ))"
s=$(d); timeout 30 sleep 100; echo "timeout $? $(( $(d) - s ))"
s=$(d); timeout -s KILL 5 bash -c 'sleep 50; echo no'; echo "killed $? $(( $(d) - s ))"
timeout 5 false; echo "false $?"
timeout 5 bash -c 'kill -USR1 $$'; echo "usr1 $?"
timeout 5 nosuchtool 2>/dev/null; echo "no tool $?"
s=$(d); ip netns exec a nc -w 7 10.0.0.9 1; echo "nc $? $(( $(d) - s ))"
s=$(d); ip netns exec a ping -c 5 -i 2 -q 10.0.0.2 >/dev/null; echo "ping $(( $(d) - s ))"
s=$(d); sleep 9 & sleep 4; wait; echo "both $(( $(d) - s ))"
s=$(d); for i in 1 2 3; do sleep $i & done; wait -n; echo "first $(( $(d) - s ))"; wait
end=$((SECONDS + 20)); n=0; while [ $SECONDS -lt $end ]; do sleep 1; n=$((n + 1)); done; echo "loops $n"
date -u '+%Y-%m-%d %H'; date -d @86400 +%F
`);
	t.same(lines(r.out), [
		'sleep 3600',
		'timeout 124 30',
		'killed 137 5',
		'false 1',
		'usr1 138',
		'no tool 127',
		'nc 1 7',
		'ping 8',
		'both 9',
		'first 1',
		'loops 20',
		'2020-11-11 20',
		'1970-01-02',
	]);
	t.ok(r.wall_s < 40, `an hour takes ${r.wall_s.toFixed(1)} s`);
});

t.test('files, pipes and processes', async (t: Test) => {
	const r = await simns(`${TWO}
in=$(mktemp) out=$(mktemp) back=$(mktemp)
dd if=/dev/urandom of=$in bs=1024 count=300 2>/dev/null
ip netns exec b nc -l -p 99 < $in > $out & l=$!
sleep 1
ip netns exec a nc -w 3 10.0.0.2 99 < $in > $back & c=$!
sleep 2
ps -p $l >/dev/null && echo listening
[ "$(ip netns pids b)" = $l ] && echo "pids are real"
kill $l $c; wait $l; echo "wait $?"
cmp $in $out && cmp $in $back && echo same
rm $in $out $back
echo through a pipe | ip netns exec a nc -l -N -p 98 > got & sleep 1
printf 'back\\0binary' | ip netns exec b nc -N 10.0.0.1 98; wait; od -c got | head -1
{ ip netns list; echo between; ip netns list; } > shared; cat shared
ip netns list >> shared; wc -l < shared
while read -r x; do echo "line $x"; ip netns exec a true; done <<< $'1\\n2'
yes | head -c 300000 | { ip netns exec a nc -N -w 2 10.0.0.2 7; echo "refused $?"; }
ip netns exec a ping -i 0.2 10.0.0.2 | head -1
ip netns exec a ping -c 100 10.0.0.2 > log & p=$!; sleep 2; kill -INT $p; wait $p; echo "int $?"
tail -2 log | head -1
result=$(timeout 2 ip netns exec b nc -l -p 97 & sleep 1; echo kept | ip netns exec a nc -w 5 10.0.0.2 97); wait
sleep 100 & kill -STOP $!; kill -KILL $!; wait $!; echo "kill $?"
ip netns exec b sleep 1000 &
ip netns pids b | xargs kill; wait; echo over
`);
	t.same(lines(r.out), [
		'listening',
		'pids are real',
		'wait 143',
		'same',
		'through a pipe',
		'0000000   b   a   c   k  \\0   b   i   n   a   r   y',
		'b',
		'a',
		'between',
		'b',
		'a',
		'7',
		'line 1',
		'line 2',
		'refused 1',
		'PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.',
		'int 0',
		'2 packets transmitted, 2 received, 0% packet loss, time 1000ms',
		'kill 137',
		'over',
	]);
});

t.test('/proc and /sys in a namespace', async (t: Test) => {
	const r = await simns(`${TWO}
ip netns exec a cat /sys/class/net/v0/operstate /proc/sys/net/ipv4/ip_forward
ip netns exec a bash -c 'echo 1 > /proc/sys/net/ipv4/ip_forward; sysctl -n net.ipv4.ip_forward'
ip netns exec a sysctl -n net.ipv4.ip_forward
ip netns exec b cat /proc/sys/net/ipv4/ip_forward
ip netns exec a bash -c 'for f in /proc/sys/net/ipv4/conf/v?/forwarding; do cat $f; done'
ip netns exec a bash -c 'sysctl -q net.ipv4.ip_forward=0; cat /proc/sys/net/ipv4/ip_forward'
ip netns exec a grep -c : /proc/net/dev
ip netns exec a bash -c 'ip netns exec b ip -br addr show v0; ip -br addr show v0' | tr -s ' ' | cut -d ' ' -f 3
`);
	t.same(lines(r.out), ['up', '0', '1', '1', '0', '1', '0', '2', '10.0.0.2/24', '10.0.0.1/24']);
});

t.test('/proc and /sys of the first namespace', async (t: Test) => {
	const own = (): string => readFileSync('/proc/sys/net/ipv4/conf/lo/rp_filter', 'utf8');
	const before = own();
	const r = await simns(`
ip link add d0 type dummy; sysctl -qw net.ipv4.conf.lo.rp_filter=2
cat /proc/net/dev | tail -n +3 | grep -o '[a-z0-9]*:'; awk '/d0/ { print $1 }' /proc/net/dev; ls /sys/class/net
cat /proc/sys/net/ipv4/conf/lo/rp_filter; echo 1 | tee /proc/sys/net/ipv4/ip_forward; sysctl -n net.ipv4.ip_forward
grep -c Tcp: /proc/net/snmp; nstat -az IpForwDatagrams | wc -l; cat /nosuch; echo "cat $?"; echo x | sed s/x/y/
echo 3 > /proc/sys/net/ipv4/conf/lo/rp_filter; echo "written $?"
`);
	t.same(lines(r.out), [
		...['lo:', 'd0:', 'd0:', 'd0', 'lo', '2', '1', '1', '2', '2', 'cat 1', 'y', 'written 1'],
	]);
	t.match(r.err, /^cat: \/nosuch: No such file or directory$/m);
	t.match(r.err, /rp_filter: (?:Read-only file system|Permission denied)$/m);
	t.equal(own(), before, 'this machine has its settings still');
});

t.test('the same seed gives the same run', async (t: Test) => {
	const text = `${TWO}
echo $RANDOM $RANDOM $(mktemp -u XXXXXXXXXX) $(head -c 16 /dev/urandom | od -An -tx1)
ps -xaf | sha1sum
for i in 1 2 3 4 5 6; do (ip netns exec a ping -c 2 -i 0.1 10.0.0.2; echo "$i $(date +%N)") > p$i & done
ip netns exec b nc -l -p 5 > /dev/null &
for i in 1 2 3; do (for j in 1 2 3; do ip netns add n$i$j; done) & done; sleep 2
seq 20000 | ip netns exec a nc -N 10.0.0.2 5
wait; cat p?; ip netns list
`;
	const once = async (seed: number): Promise<string> => {
		const pcap = join(folder, `pcap${runs}`);
		const trace = join(folder, `trace${runs}`);
		const r = await simns(text, { seed, pcap, trace });
		t.equal(r.rc, 0);
		let all = r.out + r.err;
		all += readFileSync(trace, 'utf8').replaceAll(/, [\d.]+ ms$/gm, '');
		t.same(readdirSync(pcap).sort(), ['a-v0.pcap', 'b-v0.pcap']);
		for (const f of readdirSync(pcap).sort()) all += readFileSync(join(pcap, f), 'latin1');
		const frames = pcap_read(readFileSync(join(pcap, 'a-v0.pcap')))?.frames ?? [];
		t.ok(frames.length > 40, `${frames.length} frames captured`);
		return all;
	};
	const first = await once(7);
	for (let i = 0; i < 3; i++) t.ok((await once(7)) === first, 'as the first time');
	t.ok((await once(8)) !== first, 'another seed is another run');
});

t.test('what is not there says so, and hostile lines are answered', async (t: Test) => {
	const r = await simns(`
iptables -A INPUT; echo "iptables $?"
iptables -A INPUT 2>/dev/null
ip macsec add; echo "macsec $?"
ip netns add $'a\\xff\\x01b'; echo "binary $?"
ip netns add "$(printf '%0300d' 0)" 2>/dev/null; echo "long $?"
ip link add "$(printf '%0100000d' 0)" type veth 2>/dev/null; echo "longer $?"
ip netns add; echo "none $?"
for i in $(seq 40); do ip netns exec $'a\\xff\\x01b' true & done; wait
ip netns add p; ip -n p link set lo up
for i in $(seq 60); do ip netns exec p ping -c 1 -q 127.0.0.1 > /dev/null & done; wait; echo pings
for i in $(seq 200); do echo "netns add n$i"; done | ip -batch -; ip netns list | wc -l
ip -all netns delete; ip netns list | wc -l
ip -Version >&-; echo "closed $?"
`);
	t.equal(r.rc, 0);
	const out = lines(r.out);
	t.match(out, ['iptables 1', 'macsec 1', 'binary 0']);
	t.notMatch(r.out, /^long(er)? 0$/m);
	t.same(out.slice(5), ['none 1', 'pings', '202', '0', 'closed 0']);
	t.same(
		lines(r.err).slice(-3),
		['simns: not supported in this run:', 'simns:   iptables -A INPUT', 'simns:   ip macsec add'],
		'the list at the end names each once',
	);
});

t.test('unshare -n', async (t: Test) => {
	const r = await simns(`${TWO}
ip link add there type dummy
unshare -n bash -c 'ip -br link; ip link add here type dummy; ip -n a -br link show dev v0; (ip -br link) | wc -l'
unshare -n ip -br link; unshare --net sh -c 'exit 3'; echo $?
ip link show here 2>&1; unshare -m true; unshare -n no-such-program
`);
	const out = lines(r.out).map((l) => l.split(/[@ ]/)[0]);
	t.same(out, ['lo', 'v0', '2', 'lo', '3', 'Device']);
	t.match(r.err, /unsupported: unshare -m true\nunshare: failed to execute no-such-program: No such file/);
});

t.test('limits', async (t: Test) => {
	const r = await simns('sleep 5; while :; do :; done', { timeout_s: 2 });
	t.equal(r.rc, 124);
	t.match(r.err, 'simns: ended after 2 s');
	const spin = await simns(`
(sleep 20; touch there) & while [ ! -e there ]; do :; done; rm there; echo over
`);
	t.equal(spin.out, 'over\n', 'time creeps on under a loop that never sleeps');
	/* as busywait of the kernel's lib.sh does */
	const poll = await simns(`
poll() {
	local start=$(date -u +%s%3N) now; rounds=0
	while :; do
		"$@" && return 0
		now=$(date -u +%s%3N); rounds=$((rounds + 1))
		[ $((now - start)) -gt 20000 ] && return 1
	done
}
ip link add d type dummy
poll ip link show dev none; echo "$? $((rounds < 250))"
(sleep 5; ip link add e type dummy) & poll ip link show dev e; echo "$? $((rounds < 200))"
s=$(date +%s); sleep 1; e=$(date +%s); echo $((e - s)); s=$(date +%s); sleep 1; e=$(date +%s); echo $((e - s))
`);
	t.same(
		lines(poll.out).filter((l) => /^\d/.test(l) && !l.includes(':')),
		['1 1', '0 1', '1', '1'],
		'who polls the clock waits longer and longer between his looks',
	);
	const flood = await simns('ping -fq 127.0.0.1 >/dev/null & sleep 0.05; kill $!; wait; echo over');
	t.equal(flood.out, 'over\n', 'others are heard beside programs that never let go');
	const flooded = await simns('ping -fq 127.0.0.1 >/dev/null & sleep 100000', { timeout_s: 4 });
	t.equal(flooded.rc, 124, 'nor do they outlast the end');
	t.ok(flooded.wall_s < 60, `after ${flooded.wall_s} s, not the hours that they would go on for`);
	const bad = await simns('', { argv: ['/nonexistent/program'] });
	t.equal(bad.rc, 127);
	const killed = await simns('kill -KILL $$');
	t.equal(killed.rc, 137);
});

/* a run as a process of its own, ended at some moment: what is left of it */

const main = join(folder, 'main.mjs');

t.before(async () => {
	const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
	await build({
		entryPoints: [here('./main.ts')],
		outfile: main,
		bundle: true,
		platform: 'node',
		format: 'esm',
		logLevel: 'error',
	});
	copyFileSync(here('./client.pl'), join(folder, 'client.pl'));
});

/** Processes that belong to runs in our own temporary folder. */
function left_over(tmp: string): string[] {
	const out: string[] = [];
	for (const pid of readdirSync('/proc')) {
		if (!/^\d+$/.test(pid)) continue;
		try {
			const env = readFileSync(`/proc/${pid}/environ`, 'latin1');
			if (env.includes(`BASH_ENV=${tmp}/simns.`))
				out.push(readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' '));
		} catch {
			/* gone */
		}
	}
	return out;
}

async function until(what: () => boolean, ms: number): Promise<boolean> {
	for (const end = performance.now() + ms; performance.now() < end; ) {
		if (what()) return true;
		await new Promise((done) => setTimeout(done, 20));
	}
	return what();
}

t.test('nothing is left, however it ends', { timeout: 240000 }, async (t: Test) => {
	const text = `
trap 'echo cleanup; exit 9' INT TERM
ip netns add a; ip -n a link set lo up
ip netns exec a nc -l -p 99 &
ip netns exec a bash -c 'sleep 200000; true' &
setsid ip netns exec a ping -i 5000 127.0.0.1 > /dev/null &
sleep 1
echo ready
read -r x < <(ip netns exec a nc -l -p 98)
`;
	const kinds: [NodeJS.Signals, 'server' | 'script', number | null, string][] = [
		['SIGINT', 'server', 9, 'cleanup'],
		['SIGTERM', 'server', 9, 'cleanup'],
		['SIGKILL', 'server', null, ''],
		['SIGKILL', 'script', 137, ''],
	];
	await Promise.all(
		kinds.map(async ([signal, whom, rc, said], i) => {
			const tmp = join(folder, 'tmp', String(i));
			mkdirSync(tmp, { recursive: true });
			const script = join(tmp, 'script.sh');
			writeFileSync(script, text);
			const child: ChildProcess = spawn(
				process.execPath,
				[main, 'run', '--timeout', '90', script],
				{ env: { ...process.env, TMPDIR: tmp }, stdio: ['ignore', 'pipe', 'ignore'] },
			);
			let out = '';
			child.stdout?.on('data', (d: Buffer) => {
				out += d.toString();
			});
			const ended = new Promise<number | null>((done) => {
				child.on('exit', (code) => done(code));
			});
			t.ok(await until(() => out.includes('ready'), 60000), `${signal} ${whom}: it runs`);
			t.ok(left_over(tmp).length >= 4, 'with its processes');
			let pid = child.pid!;
			if (whom === 'script') {
				const found = readdirSync('/proc').find((p) => {
					try {
						return readFileSync(`/proc/${p}/stat`, 'latin1').split(') ')[1].split(' ')[1] === String(pid) &&
							readFileSync(`/proc/${p}/cmdline`, 'latin1').startsWith('bash');
					} catch {
						return false;
					}
				});
				pid = Number(found);
			}
			process.kill(pid, signal);
			t.equal(await ended, rc, 'exit code');
			if (said !== '') t.match(out, said, 'the trap of the script ran');
			t.ok(await until(() => left_over(tmp).length === 0, 5000), 'no process stays');
			t.ok(
				await until(() => !readdirSync(tmp).some((f) => f.startsWith('simns.')), 5000),
				'no folder, no socket stays',
			);
			t.same(left_over(tmp), []);
		}),
	);
});

t.test('killed at any moment, nothing is left', { timeout: 240000 }, async (t: Test) => {
	const text = `
for i in {1..40}; do ip netns add k$i; ip -n k$i link set lo up; done
for i in {1..20}; do ip netns exec k$i ping -i 1000 127.0.0.1 >/dev/null & done
ip netns exec k1 nft -f - <<< "table ip t { chain c { type filter hook input priority 0; counter; }; }"
ip netns exec k1 bash -c 'dd if=/dev/urandom bs=1k count=5000 2>/dev/null | cksum' &
read -r x < <(ip netns exec k2 nc -l -p 98)
`;
	/* from before the script runs to when all of it waits, for ever: virtual sleeps are over at once on a fast machine */
	for (let ms = 0; ms < 1800; ms += 150) {
		const tmp = join(folder, 'moment', String(ms));
		mkdirSync(tmp, { recursive: true });
		const script = join(tmp, 'script.sh');
		writeFileSync(script, text);
		const child = spawn(process.execPath, [main, 'run', '--timeout', '60', script], {
			env: { ...process.env, TMPDIR: tmp },
			stdio: 'ignore',
		});
		const ended = new Promise((done) => child.on('exit', done));
		await new Promise((done) => setTimeout(done, ms));
		t.ok(child.kill('SIGKILL'), `it runs after ${ms} ms`);
		await ended;
		await until(() => left_over(tmp).length === 0, 5000);
		t.same(left_over(tmp), [], `no process stays after ${ms} ms`);
		t.ok(
			await until(() => !readdirSync(tmp).some((f) => f.startsWith('simns.')), 5000),
			`no folder stays after ${ms} ms`,
		);
	}
});

t.test('killed as soon as its folder is there, the folder goes', { timeout: 60000 }, async (t: Test) => {
	for (let i = 0; i < 4; i++) {
		const tmp = join(folder, 'soon', String(i));
		mkdirSync(tmp, { recursive: true });
		const child = spawn(process.execPath, [main, 'exec', '--', 'sleep', '1000'], {
			env: { ...process.env, TMPDIR: tmp },
			stdio: 'ignore',
		});
		const ended = new Promise((done) => child.on('exit', done));
		let made = false;
		const seen = watch(tmp, () => {
			made = true;
			child.kill('SIGKILL');
		});
		await ended;
		seen.close();
		t.ok(made, 'it had a folder');
		t.ok(await until(() => readdirSync(tmp).length === 0, 5000), 'which is gone');
		t.same(left_over(tmp), []);
	}
});

t.test('hostile sizes', { timeout: 600000 }, async (t: Test) => {
	const noise = new Uint32Array(750_000);
	let x = 1;
	for (let i = 0; i < noise.length; i++) {
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		noise[i] = x;
	}
	const bytes = new Uint8Array(noise.buffer);
	writeFileSync(join(folder, 'noise'), bytes);
	writeFileSync(join(folder, 'noise0'), bytes.filter((b) => b !== 0));
	const r = await simns(`
big=$(head -c 10000000 /dev/zero | tr '\\0' x)
ip link add "$big" type dummy 2>/dev/null; echo "argument $?"
echo "link add $big type dummy" | ip -batch - 2>&1 | tail -c 70; echo "line \${PIPESTATUS[1]}"
echo "add table ip $big" | nft -f - 2> noise.out; echo "word $?"; head -1 noise.out
nft -f - < noise > noise.out 2>&1; echo "noise $?"; grep -a -m1 -o 'Error: syntax error' noise.out
nft -f - < noise0 > noise.out 2>&1; echo "noise $?"; grep -a -c 'Error: ' noise.out
ip -batch - < noise > /dev/null 2>&1; echo "batch $?"
ip link show lo | grep -c UP; rm noise.out`);
	t.same(
		lines(r.out).map((l) => l.replace(/^Error: argument .*/, 'Error: argument')),
		[
			'argument 126',
			...lines(r.out).slice(1, 3),
			'line 1',
			'word 1',
			'/dev/stdin:1:14-10000013: Error: name too long, 128 characters maximum allowed',
			'noise 1',
			'Error: syntax error',
			'noise 1',
			'10',
			'batch 1',
			'1',
		],
	);
	t.match(r.out, /Command failed -:1\nline 1\n/);
	t.ok(r.wall_s < 30, `${r.wall_s} s`);

	const pings = await simns(`
ip netns add p; ip -n p link set lo up
for i in {1..500}; do ip netns exec p ping -c 2 -q 127.0.0.1 & done | grep -c 'packets transmitted, 2 received'; wait
ip netns exec p ping -c 1 -q 127.0.0.1 >/dev/null; echo "alive $?"`);
	t.equal(pings.out, '500\nalive 0\n');

	const script = join(folder, 'many.sh');
	writeFileSync(
		script,
		`
for i in {1..10000}; do echo "netns add n$i"; done | ip -batch -; ip netns list | wc -l
ip -n n9999 link set lo up; ip -n n9999 link show lo | grep -c UP; ip netns add n9999; echo "again $?"
for i in {1..10}; do ip netns del n$i; done; ip netns list | wc -l`,
	);
	const many = spawnSync(process.execPath, [main, 'run', script], { encoding: 'utf8' });
	t.equal(many.stdout, '10000\n1\nagain 1\n9990\n');
	t.equal(many.status, 0);
});

t.test('the command line', { timeout: 120000 }, async (t: Test) => {
	const cli = (...args: string[]): { rc: number | null; out: string; err: string } => {
		const r = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
		return { rc: r.status, out: r.stdout, err: r.stderr };
	};
	for (const args of [[], ['run', '--seed', 'x', 'y'], ['run', '/nonexistent.sh']]) {
		const r = cli(...args);
		t.equal(r.rc, 2);
		t.match(r.err, /^simns: .*\nUsage: /);
	}
	const r = cli('exec', '--seed', '3', '--', 'ip', '-br', 'link');
	t.equal(r.rc, 0);
	t.match(r.out, /^lo +UNKNOWN +00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP> *\n$/);
	const spaced = join(folder, 'a b');
	mkdirSync(spaced);
	const script = join(spaced, 'a script.sh');
	writeFileSync(script, 's=$SECONDS; sleep 2; echo $((SECONDS - s)); grep -o lo: /proc/net/dev');
	const env = { ...process.env, TMPDIR: spaced };
	const odd = spawnSync(process.execPath, [main, 'run', script], { encoding: 'utf8', env });
	t.equal(odd.stderr, '', 'a folder with a blank in its name');
	t.equal(odd.stdout, '2\nlo:\n');
});
