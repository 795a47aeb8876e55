// SPDX-License-Identifier: GPL-2.0-only
/*
 * A script on a real kernel: Debian's under qemu, or namespaces of this machine. Neither changes anything of
 * the machine: the guest's files are a first file system of copied tools, script and results go through 9p, the
 * script's folder is seen through an overlay that forgets what is written.
 */
import { spawn } from 'node:child_process';
import {
	existsSync,
	lstatSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	readlinkSync,
	realpathSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { ends_with_us, remove, temporary } from '../temporary.ts';
import { type answer, read_answer } from './answer.ts';
import { cpio_archive } from './cpio.ts';
import { type kernel_image, unwrapped } from './kernel.ts';
import { absent_error, find_tool, libraries_of, need_tools, package_of } from './tools.ts';

/** What to run. */
export interface real_run {
	/** Absolute path. */
	script: string;
	args: readonly string[];
	/** How it is started: an interpreter and its options. */
	interpreter: readonly string[];
	/** Wall-clock seconds for all of it. */
	timeout_s: number;
	/** How many times as long every sleep of the script takes. */
	stretch: number;
	/** More programs for the guest's PATH. */
	programs: readonly string[];
	/** Where to write what the guest's console says, and hints. */
	say: (line: string) => void;
	/** Shows the guest's console. */
	verbose: boolean;
}

const here = import.meta.dirname;

/** Without these no guest boots and no script is watched. */
const needed = [
	...[
		'bash',
		'sh',
		'ip',
		'nft',
		'perl',
		'modprobe',
		'mount',
		'umount',
		'setsid',
		'pkill',
		'sleep',
		'mkdir',
	],
	...[
		'cp',
		'rm',
		'cat',
		'uname',
		'sync',
		'touch',
		'chmod',
		'kill',
		'ps',
		'sysctl',
		'ping',
		'nc',
		'tcpdump',
	],
	...['grep', 'sed', 'awk', 'xargs', 'find'],
];

/** What else a script may call; copied when it is here. */
const wanted = [
	...[
		'[',
		'arch',
		'b2sum',
		'base32',
		'base64',
		'basename',
		'chgrp',
		'chown',
		'cksum',
		'comm',
		'csplit',
		'cut',
	],
	...[
		'date',
		'dd',
		'df',
		'dir',
		'dirname',
		'du',
		'echo',
		'env',
		'expand',
		'expr',
		'factor',
		'false',
		'fmt',
	],
	...[
		'fold',
		'head',
		'hostid',
		'hostname',
		'id',
		'install',
		'join',
		'link',
		'ln',
		'logname',
		'ls',
		'md5sum',
	],
	...[
		'mkfifo',
		'mknod',
		'mktemp',
		'mv',
		'nice',
		'nl',
		'nohup',
		'nproc',
		'nstat',
		'numfmt',
		'od',
		'paste',
		'pathchk',
	],
	...[
		'pr',
		'printenv',
		'printf',
		'pwd',
		'readlink',
		'realpath',
		'rmdir',
		'seq',
		'sha1sum',
		'sha224sum',
	],
	...[
		'sha256sum',
		'sha384sum',
		'sha512sum',
		'shred',
		'shuf',
		'sort',
		'split',
		'stat',
		'stdbuf',
		'stty',
		'sum',
	],
	...[
		'tac',
		'tail',
		'tee',
		'test',
		'timeout',
		'tr',
		'true',
		'truncate',
		'tsort',
		'tty',
		'unexpand',
		'uniq',
	],
	...[
		'unlink',
		'wc',
		'whoami',
		'yes',
		'cmp',
		'diff',
		'bc',
		'jq',
		'xxd',
		'hexdump',
		'which',
		'getopt',
		'logger',
	],
	...[
		'rev',
		'column',
		'flock',
		'dmesg',
		'nsenter',
		'unshare',
		'lsmod',
		'insmod',
		'rmmod',
		'modinfo',
		'pgrep',
	],
	...['pidof', 'uptime', 'free', 'gzip', 'ss', 'bridge', 'tc', 'rtmon', 'nstat'],
	...[
		'devlink',
		'vdpa',
		'conntrack',
		'ethtool',
		'socat',
		'iperf3',
		'iperf',
		'arping',
		'tracepath',
		'traceroute',
	],
	...[
		'traceroute6',
		'ping6',
		'mausezahn',
		'hping3',
		'nping',
		'iptables',
		'ip6tables',
		'iptables-save',
	],
	...[
		'iptables-restore',
		'ip6tables-save',
		'ip6tables-restore',
		'iptables-legacy',
		'ip6tables-legacy',
	],
	...[
		'iptables-nft',
		'ip6tables-nft',
		'ebtables',
		'arptables',
		'ipset',
		'ipvsadm',
		'brctl',
		'vconfig',
		'teamd',
	],
	...['wg', 'netperf', 'netserver', 'smcroutectl', 'ndisc6', 'rdisc6', 'packetdrill'],
];

/** Modules with which the guest reaches this machine's folders. */
const first_modules = ['virtio_pci', '9pnet_virtio', '9p', 'overlay'];
/** Modules that a script about networks may want; what these need comes with them. */
const network_modules =
	/^kernel\/(?:net\/(?:802|8021q|bridge|core|hsr|ipv4|ipv6|key|l2tp|llc|mpls|netfilter|openvswitch|packet|sched|sctp|tls|unix|xfrm)\/|crypto\/|arch\/x86\/crypto\/|drivers\/net\/(?:[^/]+$|(?:bonding|ipvlan|macvlan|netdevsim|team|vxlan)\/))/;

function copy_path(archive: cpio_archive, path: string, to = path): void {
	let mode: number;
	let data: Uint8Array;
	try {
		const real = realpathSync(path);
		mode = lstatSync(real).mode & 0o777;
		data = readFileSync(real);
	} catch {
		return;
	}
	archive.file(to, data, mode);
}

function copy_tree(
	archive: cpio_archive,
	from: string,
	to: string,
	pick: (path: string) => boolean,
): void {
	if (!existsSync(from)) return;
	for (const name of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
		if (!pick(name)) continue;
		const st = lstatSync(join(from, name));
		if (st.isFile())
			archive.file(
				join(to, name),
				readFileSync(join(from, name)),
				st.mode & 0o777,
			);
		else if (st.isSymbolicLink())
			archive.link(join(to, name), readlinkSync(join(from, name)));
	}
}

/** Copies modules, those that they need, and the lists of modprobe. */
function copy_modules(archive: cpio_archive, kernel: kernel_image): void {
	const from = join(kernel.root, 'lib/modules', kernel.release);
	const to = join('usr/lib/modules', kernel.release);
	const needs = new Map<string, string[]>();
	for (const line of readFileSync(join(from, 'modules.dep'), 'utf8').split('\n')) {
		const [path, rest] = line.split(':');
		needs.set(
			path,
			rest
				?.trim()
				.split(/\s+/)
				.filter((w) => w !== '') ?? [],
		);
	}
	const take = (path: string): void => {
		if (!path.includes('/lib/test_'))
			archive.file(join(to, path), readFileSync(join(from, path)));
		for (const p of needs.get(path) ?? []) take(p);
	};
	for (const path of needs.keys())
		if (
			network_modules.test(path) ||
			first_modules.includes(
				basename(path)
					.replace(/\.ko.*/, '')
					.replaceAll('-', '_'),
			)
		)
			take(path);
	for (const name of readdirSync(from))
		if (/^modules\.(?:dep|alias|softdep|symbols|builtin|order)/.test(name))
			copy_path(archive, join(from, name), join(to, name));
}

function quote(word: string): string {
	return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Words of a script that are programs a guest could have, but this machine does not. */
function missing_tools(text: string): string[] {
	const words = new Set(text.match(/[\w[][\w.-]*/g) ?? []);
	return wanted.filter((w) => w.length > 2 && words.has(w) && find_tool(w) === null);
}

const init = (run: real_run, share: string, seconds: number): string => `#!/bin/bash
export PATH=/opt/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C LC_ALL=C TERM=dumb TZ=UTC
mount -t devtmpfs dev /dev
exec </dev/null >/dev/ttyS0 2>&1
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs -o mode=1777,size=75% tmp /tmp
mount -t tmpfs run /run
mkdir -p /dev/pts /dev/shm /run/netns /run/lock /tmp/.upper /tmp/.work
mount -t devpts pts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t cgroup2 cgroup /sys/fs/cgroup
ln -s /proc/self/fd /dev/fd
echo guest > /proc/sys/kernel/hostname
for m in ${first_modules.join(' ')}; do modprobe -q $m; done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 results /mnt/results || echo "guest: no 9p for the results"
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,ro,cache=loose script /mnt/script || echo "guest: no 9p for the script"
modprobe -q -a nf_tables nf_conntrack veth
ip link set lo up
mkdir -p ${quote(share)}
mount -t overlay -o lowerdir=/mnt/script,upperdir=/tmp/.upper,workdir=/tmp/.work overlay ${quote(share)} || echo "guest: no overlay"
mkdir -p /tmp/.results /out
export OUT=/out
echo "guest: $(uname -r), $(cut -d' ' -f1 /proc/uptime) s"
dmesg -n 1
bash /opt/run.sh /opt/watch.pl /tmp/.results ${seconds} ${quote(dirname(run.script))} ${[...run.interpreter, `./${basename(run.script)}`, ...run.args].map(quote).join(' ')}
uname -r > /tmp/.results/release
dmesg > /tmp/.results/dmesg
cp -r /out /tmp/.results/out
cp -r /tmp/.results/. /mnt/results/ && touch /mnt/results/complete
sync
echo "guest: done, $(cut -d' ' -f1 /proc/uptime) s"
echo o > /proc/sysrq-trigger
sleep 60
`;

/** A sleep that sleeps longer: it adds up its arguments. */
function stretched_sleep(times: number): string {
	return `#!/bin/sh\nexec /usr/bin/sleep${' "$@"'.repeat(times)}\n`;
}

/** Bytes of the guest's first file system. */
function first_file_system(run: real_run, kernel: kernel_image, share: string): Uint8Array {
	const archive = new cpio_archive();
	for (const d of [
		'dev',
		'proc',
		'sys',
		'tmp',
		'run',
		'root',
		'mnt/results',
		'mnt/script',
		'var/lib',
		'var/log',
	])
		archive.dir(d);
	for (const d of ['bin', 'sbin', 'lib', 'lib64']) archive.link(d, `usr/${d}`);
	archive.link('var/run', '/run');
	archive.file('init', init(run, share, run.timeout_s), 0o755);
	for (const f of ['watch.pl', 'run.sh'])
		archive.file(`opt/${f}`, readFileSync(join(here, f)));

	const found = need_tools(needed);
	const names = [...needed, ...wanted].filter((n) => find_tool(n) !== null);
	for (const n of wanted) {
		const path = find_tool(n);
		if (path !== null) found.push(path);
	}
	const usr = (path: string): string => path.replace(/^\/(bin|sbin|lib|lib64)\//, '/usr/$1/');
	const from_path = (path: string): boolean => /^\/(?:usr\/)?s?bin\//.test(path);
	for (const [i, path] of found.entries()) {
		const data = readFileSync(path);
		archive.file(
			from_path(path) ? usr(path) : `/usr/bin/${names[i] ?? basename(path)}`,
			data,
			0o755,
		);
	}
	if (run.stretch > 1) archive.file('opt/bin/sleep', stretched_sleep(run.stretch), 0o755);
	for (const path of run.programs)
		archive.file(`opt/bin/${basename(path)}`, readFileSync(path), 0o755);
	const all = [...found, ...run.programs].map((p) => realpathSync(p));
	const lib = '/usr/lib/x86_64-linux-gnu';
	copy_tree(
		archive,
		join(lib, 'perl-base'),
		join(lib, 'perl-base'),
		(f) => !/^(?:unicore|auto\/re)\//.test(f),
	);
	if (find_tool('iptables') !== null)
		copy_tree(archive, join(lib, 'xtables'), join(lib, 'xtables'), () => true);
	for (const l of libraries_of(all)) archive.file(usr(l), readFileSync(l), 0o755);

	for (const f of ['protocols', 'services', 'ethertypes', 'nsswitch.conf'])
		copy_path(archive, `/etc/${f}`);
	for (const d of ['/etc/iproute2', '/usr/share/iproute2', '/usr/lib/iproute2'])
		copy_tree(archive, d, d, () => true);
	archive.file(
		'etc/passwd',
		'root:x:0:0:root:/root:/bin/bash\ntcpdump:x:101:101::/:/bin/false\n',
	);
	archive.file('etc/group', 'root:x:0:\ntcpdump:x:101:\n');
	archive.file('etc/hosts', '127.0.0.1 localhost\n::1 localhost\n');

	copy_modules(archive, kernel);
	return archive.bytes();
}

/** Folder that the guest sees the script in: a kernel tree's selftests, else the script's own. */
export function share_of(script: string): string {
	const m = /^(.*\/tools\/testing\/selftests)\//.exec(script);
	return m === null ? dirname(script) : m[1];
}

/** Waits for a child; kills it after a time. */
function finish(
	command: string,
	args: readonly string[],
	timeout_s: number,
	on_output: (text: string) => void,
): Promise<{ code: number | null; timed_out: boolean }> {
	return new Promise((done, fail) => {
		const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
		let timed_out = false;
		ends_with_us(child);
		const timer = setTimeout(() => {
			timed_out = true;
			child.kill('SIGKILL');
		}, timeout_s * 1000);
		child.stdout.setEncoding('latin1').on('data', on_output);
		child.stderr.setEncoding('latin1').on('data', on_output);
		child.on('error', fail);
		child.on('close', (code) => {
			clearTimeout(timer);
			done({ code, timed_out });
		});
	});
}

/** Calls back with each whole line. */
function by_line(take: (line: string) => void): (text: string) => void {
	let rest = '';
	return (text) => {
		const lines = (rest + text).split('\n');
		rest = lines.pop() ?? '';
		for (const l of lines) take(l.trimEnd());
	};
}

/** Runs a script under qemu. */
export async function run_in_guest(run: real_run, kernel: kernel_image): Promise<answer> {
	const [qemu] = need_tools(['qemu-system-x86_64', 'ldd']);
	const lacking = missing_tools(readFileSync(run.script, 'latin1'));
	if (lacking.length > 0)
		run.say(
			`the guest lacks what is not installed here: ${lacking.join(' ')} (apt-get install ${[...new Set(lacking.map(package_of))].join(' ')})`,
		);
	const dir = temporary('conformance.');
	try {
		const results = join(dir, 'results');
		const share = share_of(run.script);
		mkdirSync(results);
		writeFileSync(join(dir, 'initrd'), first_file_system(run, kernel, share));
		const console_lines: string[] = [];
		const began = Date.now();
		const append =
			'console=ttyS0 quiet loglevel=3 mitigations=off nokaslr no_timer_check tsc=reliable panic=-1 ' +
			'random.trust_cpu=on audit=0 cgroup_disable=memory net.ifnames=0';
		const end = await finish(
			qemu,
			[
				...[
					'-machine',
					'pc,accel=tcg',
					'-cpu',
					'qemu64,+rdrand,+aes,+pclmulqdq,+ssse3,+sse4.1,+sse4.2,+popcnt',
					'-m',
					'1536',
					'-smp',
					'1',
					'-nodefaults',
					'-nographic',
				],
				/* time is counted in instructions: a slow machine is no slow kernel, and a sleep takes no time */
				...[
					'-icount',
					'shift=0,sleep=off',
					'-no-reboot',
					'-serial',
					'stdio',
					'-net',
					'none',
				],
				...[
					'-kernel',
					unwrapped(kernel),
					'-initrd',
					join(dir, 'initrd'),
					'-append',
					append,
				],
				...[
					'-virtfs',
					`local,path=${results},mount_tag=results,security_model=none`,
				],
				...[
					'-virtfs',
					`local,path=${share},mount_tag=script,security_model=none,readonly=on`,
				],
			],
			run.timeout_s,
			by_line((l) => {
				console_lines.push(l);
				if (run.verbose)
					run.say(
						`guest ${((Date.now() - began) / 1000).toFixed(1)}| ${l}`,
					);
			}),
		);
		if (!existsSync(join(results, 'complete')) && !existsSync(join(results, 'rc'))) {
			const last = console_lines.slice(-15).map((l) => `  ${l}`);
			throw new Error(
				`the guest ${end.timed_out ? `was stopped after ${run.timeout_s} s` : `ended early (qemu ${end.code})`}; it said:\n${last.join('\n')}`,
			);
		}
		return read_answer(results, 'kernel');
	} finally {
		remove(dir);
	}
}

/** Runs a script in namespaces of this machine. */
export async function run_on_host(run: real_run): Promise<answer> {
	if (process.getuid?.() !== 0)
		throw new absent_error('--host needs root; without it, leave the option away');
	const [unshare] = need_tools(['unshare', ...needed.filter((n) => n !== 'modprobe')]);
	const dir = temporary('conformance.');
	try {
		const results = join(dir, 'results');
		mkdirSync(join(results, 'out'), { recursive: true });
		const bin = join(dir, 'bin');
		mkdirSync(bin);
		if (run.stretch > 1)
			writeFileSync(join(bin, 'sleep'), stretched_sleep(run.stretch), {
				mode: 0o755,
			});
		for (const p of run.programs) symlinkSync(p, join(bin, basename(p)));
		const inside =
			`export PATH=${quote(bin)}:"$PATH:/usr/sbin:/sbin" OUT=${quote(join(results, 'out'))} LC_ALL=C TZ=UTC; ` +
			'mount -t tmpfs run /run && mkdir /run/netns && mount -t sysfs sys /sys && ip link set lo up; ' +
			`bash ${[join(here, 'run.sh'), join(here, 'watch.pl'), results, String(run.timeout_s), dirname(run.script), ...run.interpreter, `./${basename(run.script)}`, ...run.args].map(quote).join(' ')}; ` +
			`uname -r > ${quote(join(results, 'release'))}`;
		const lines: string[] = [];
		await finish(
			unshare,
			[
				'-n',
				'-m',
				'-p',
				'-f',
				'--mount-proc',
				'--propagation',
				'private',
				'--kill-child',
				'bash',
				'-c',
				inside,
			],
			run.timeout_s + 10,
			by_line((l) => {
				lines.push(l);
				if (run.verbose) run.say(`host| ${l}`);
			}),
		);
		if (!existsSync(join(results, 'rc')))
			throw new absent_error(
				`namespaces do not work here:\n${lines.slice(-10).join('\n')}`,
			);
		return read_answer(results, 'kernel');
	} finally {
		remove(dir);
	}
}
