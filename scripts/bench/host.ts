// SPDX-License-Identifier: GPL-2.0-only
// What the host can say: its own kernel with the same testbed, ns-3 where it is installed, and the selftest as its
// user waits for it. What is not there is not measured, and the reason is said.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import {
	type Bar,
	type Bench,
	figure,
	type Figure,
	median,
	ratio,
	type Result,
	type Settings,
	takeTurns,
	wallSeconds,
} from './measure.ts';
import { effort, M, router, traffic } from './path.ts';
import { ORIGINAL, rules, shuffled, topology } from './router.ts';

/** The repository, seen from dist/scripts/. */
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

function has(program: string): boolean {
	return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}

/*
 * The sender, for perl, which every host has that runs scripts here: sendmmsg() on a connected UDP socket, a thousand
 * datagrams a call. What it prints: datagrams, and seconds of CPU time. The veth pair and all that the router does
 * run within the call.
 */
const SENDER = `
use Socket;
my ($to, $count) = @ARGV;
my %nr = (x86_64 => 307, aarch64 => 269);
my $arch = qx(uname -m); chomp $arch;
my $nr = $nr{$arch} or die "no system call number for $arch\\n";
socket(my $s, PF_INET, SOCK_DGRAM, 17) or die "socket: $!\\n";
bind($s, sockaddr_in(40000, INADDR_ANY)) or die "bind: $!\\n";
connect($s, sockaddr_in(5204, inet_aton($to))) or die "connect: $!\\n";
my $data = "x" x 18;
my $iov = pack("PQ", $data, 18);
my $batch = 1000;
my $vec = pack("QLx4PQQQlx4Lx4", 0, 0, $iov, 1, 0, 0, 0, 0) x $batch;
my $sent = 0;
my ($u0, $s0) = times;
while ($sent < $count) {
	my $n = syscall($nr, fileno($s), $vec, $batch, 0);
	die "sendmmsg: $!\\n" if $n <= 0;
	$sent += $n;
}
my ($u1, $s1) = times;
printf "%d %.6f\\n", $sent, $u1 + $s1 - $u0 - $s0;
`;

/*
 * Namespaces of its own for mounts and devices, so that all of it goes with the shell. The sender alone sends into a
 * bridge without ports.
 */
function script(count: number, rounds: number): string {
	return `set -e
mount --make-rprivate /
mount -t tmpfs none /run
${topology('untagged').join('\n')}
ip netns exec nsr1 nft -f - <<'END'
${rules(false, 'inet')}
END
ip netns exec ns2 nft -f - <<'END'
table netdev sink {
	chain in {
		type filter hook ingress device "eth0" priority 0; policy accept;
		udp dport 5204 counter drop
	}
}
END
ip -net ns1 link add sink type bridge
ip -net ns1 link set sink up
ip -net ns1 addr add 10.99.0.1/24 dev sink
ip -net ns1 neigh add 10.99.0.2 lladdr 02:00:00:00:00:99 dev sink
sleep 2
ip netns exec ns1 ping -c 2 10.141.10.2 >/dev/null
for i in $(seq ${rounds}); do
	ip netns exec ns1 perl -e "$SENDER" 10.141.10.2 ${count}
	ip netns exec ns1 perl -e "$SENDER" 10.99.0.2 ${count}
done
ip netns exec ns2 nft list chain netdev sink in | sed -n 's/.*counter packets \\([0-9]*\\).*/arrived \\1/p'
`;
}

interface Measured {
	/** Packets a second of sender and router, and of the sender alone. */
	both: number[];
	sender: number[];
}

/** Measures the host's kernel; answers the reason when it cannot be. */
function hostKernel(s: Settings): Measured | string {
	if (process.platform !== 'linux') return 'the host is no Linux';
	if (process.getuid?.() !== 0) return 'not root';
	for (const program of ['unshare', 'ip', 'nft', 'perl', 'ping'])
		if (!has(program)) return `no ${program}`;
	const rounds = s.smoke ? 1 : 5;
	const count = s.smoke ? 1000 : 300000;
	const r = spawnSync('unshare', ['--mount', '--net', 'sh', '-c', script(count, rounds)], {
		encoding: 'utf8',
		timeout: 120000,
		env: { ...process.env, SENDER },
	});
	if (r.status !== 0)
		return `${r.stderr.trim().split('\n').pop() || `exit code ${r.status}`}`;
	const rates: number[][] = [[], []];
	let arrived = 0;
	let at = 0;
	for (const line of r.stdout.split('\n')) {
		const m = /^(\d+) ([\d.]+)$/.exec(line);
		if (m !== null) rates[at++ % 2].push(Number(m[1]) / Number(m[2]));
		const n = /^arrived (\d+)$/.exec(line);
		if (n !== null) arrived = Number(n[1]);
	}
	if (rates[0].length !== rounds || rates[1].length !== rounds)
		return 'the sender said nothing';
	if (arrived < 0.9 * count * rounds)
		return `${arrived} of ${count * rounds} packets arrived`;
	return { both: rates[0], sender: rates[1] };
}

/** The classic path of the port beside the host's. */
function peers(s: Settings): Result {
	const flows = s.smoke ? 64 : 1000;
	const order = shuffled(flows);
	const classic = router({ flows, flowtable: false });
	const fast = router({ flows });
	const [rounds, turn, units] = effort(s);
	const [slow, quick] = takeTurns(
		[
			traffic('classic path', classic, ORIGINAL, order),
			traffic('flowtable', fast, ORIGINAL, order),
		],
		rounds,
		turn,
		units,
		s.progress,
	);
	const mega = (rates: readonly number[]): number[] => rates.map((r) => r / M);
	const figures: Figure[] = [
		figure('classic path', 'M packets/s', mega(slow), true, { op: '>=', value: 1 }),
		figure('flowtable', 'M packets/s', mega(quick), true),
	];
	const notes: string[] = [];
	s.progress("the host's kernel");
	const host = hostKernel(s);
	if (typeof host === 'string') notes.push(`the host's kernel: not measured: ${host}`);
	else {
		const net = host.both.map((b, i) => 1 / (1 / b - 1 / host.sender[i]));
		figures.push(
			figure(
				"host's kernel, classic path with the sender",
				'M packets/s',
				mega(host.both),
				true,
			),
			figure("host's kernel, classic path", 'M packets/s', mega(net), true),
			ratio("classic path : host's kernel", [median(slow)], [median(net)], {
				op: '>=',
				value: 3,
			}),
		);
	}
	s.progress('ns-3');
	const ns3 = nsThree(s);
	if (typeof ns3 === 'string') notes.push(`ns-3: not measured: ${ns3}`);
	else
		figures.push(
			figure('ns-3, forwarding', 'M packets/s', mega(ns3), true),
			ratio('flowtable : ns-3', [median(quick)], [median(ns3)], {
				op: '>=',
				value: 20,
			}),
			ratio('classic path : ns-3', [median(slow)], [median(ns3)]),
		);
	return { name: 'peers', figures, notes };
}

/** Packets a second of the same way through ns-3; the reason when it is not there. */
function nsThree(s: Settings): number[] | string {
	if (!has('g++')) return 'no g++';
	const source = join(root, 'scripts/bench/ns3.cc');
	if (!existsSync(source)) return 'its program is not there';
	const dir = mkdtempSync(join(tmpdir(), 'simns-bench-'));
	try {
		const program = join(dir, 'ns3');
		const libraries = ['bridge', 'csma', 'internet', 'network', 'core'].map(
			(l) => `-lns3-${l}`,
		);
		const cc = spawnSync(
			'g++',
			['-O2', '-std=c++17', '-w', '-o', program, source, ...libraries],
			{
				encoding: 'utf8',
			},
		);
		if (cc.status !== 0)
			return /ns3\/[\w-]+\.h|cannot find -lns3/.test(cc.stderr)
				? 'not installed (package libns3-dev of Debian)'
				: `it does not compile: ${cc.stderr.trim().split('\n')[0]}`;
		const rates: number[] = [];
		for (let round = 0; round < (s.smoke ? 1 : 3); round++) {
			const r = spawnSync(program, [s.smoke ? '1000' : '200000'], {
				encoding: 'utf8',
			});
			const m = /^(\d+) ([\d.]+)$/m.exec(r.stdout);
			if (r.status !== 0 || m === null)
				return `it failed: ${r.stderr.trim().split('\n')[0]}`;
			rates.push(Number(m[1]) / Number(m[2]));
		}
		return rates;
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

/** What the selftest takes, from the command line to its verdict. */
function verdict(s: Settings): Result {
	const figures: Figure[] = [];
	const notes: string[] = [];
	const measure = (
		name: string,
		program: string,
		args: readonly string[],
		bar: Bar,
	): void => {
		const path = join(root, 'dist/tools/testing/selftests', program);
		if (!existsSync(path)) {
			notes.push(`${name}: not measured: not built`);
			return;
		}
		const times: number[] = [];
		for (let round = 0; round < (s.smoke ? 1 : 5); round++) {
			s.progress(`${name}: round ${round + 1}`);
			let rc: number | null = 0;
			times.push(
				wallSeconds(() => {
					rc = spawnSync(process.execPath, [path, ...args], {
						stdio: 'ignore',
					}).status;
				}),
			);
			if (rc !== 0) {
				notes.push(`${name}: not measured: exit code ${rc}`);
				return;
			}
		}
		figures.push(figure(name, 's', times, false, bar));
	};
	measure('npm run selftest', 'run.js', [], { op: '<=', value: 2 });
	const kept = join(root, 'linux/tools/testing/selftests/netfilter/nft_flowtable.sh');
	const path = s.script ?? (existsSync(kept) ? kept : null);
	if (path === null)
		notes.push(
			'simns run nft_flowtable.sh: not measured: no script at hand (--script FILE)',
		);
	else
		measure('simns run nft_flowtable.sh', 'simns/main.js', ['run', path], {
			op: '<=',
			value: 6,
		});
	return {
		name: 'verdict',
		figures,
		notes: [...notes, "wall-clock time, the program's start included"],
	};
}

export const hostBenches: readonly Bench[] = [
	{ name: 'peers', what: "the classic path beside the host's kernel and ns-3", run: peers },
	{
		name: 'verdict',
		what: 'npm run selftest, and simns run of the same script',
		run: verdict,
	},
];
