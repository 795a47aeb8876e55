// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which commands stand on a script's PATH, and those that only a real script needs: date, mktemp,
 * timeout with a real child, modprobe, chance for dd and head, a ps that tells nothing of the host.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { ENOENT } from '../../../../include/uapi/linux/errno.ts';
import type { net } from '../../../../include/net/net_namespace.ts';
import type { process, program, Task } from '../lib/process.ts';
import { NSEC_PER_SEC, signal_number, wait } from '../lib/process.ts';
import { strerror } from '../lib/strerror.ts';
import { getopt } from '../usr/getopt.ts';
import { programs } from '../usr/programs.ts';
import { errno_of } from './files.ts';
import { process_programs, type process_side } from './pkill.ts';

/** Programs of the world that a script uses as they are on the host. */
const real_tools = new Set(['cat', 'echo', 'true', 'false', 'cmp', 'uname', 'test']);

/** Network tools that are not here; without a shim a script would reach the host's. */
const refused = [
	'arp',
	'arptables',
	'brctl',
	'devlink',
	'ebtables',
	'genl',
	'hping3',
	'ifconfig',
	'ip6tables',
	'ip6tables-restore',
	'ip6tables-save',
	'iperf',
	'ipset',
	'iptables',
	'iptables-restore',
	'iptables-save',
	'ipvsadm',
	'mausezahn',
	'netperf',
	'netserver',
	'netstat',
	'nsenter',
	'nstat',
	'rdma',
	'route',
	'smcroutectl',
	'socat',
	'tc',
	'teamd',
	'tracepath',
	'traceroute',
	'traceroute6',
	'tunctl',
	'vconfig',
	'wg',
	'wpa_supplicant',
];

/** The seconds of `1.5`, `2s`, `3m`, or null. */
function parse_time(s: string): number | null {
	const m = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(s);
	if (m === null) return null;
	return Number(m[1]) * { '': 1, s: 1, m: 60, h: 3600, d: 86400 }[m[2]]!;
}

function* refuse(p: process, argv: string[]): Task<number> {
	p.eprint(`simns: unsupported: ${argv.join(' ')}\n`);
	return argv[0] === 'tc' ? 2 : 1;
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
	'January',
	'February',
	'March',
	'April',
	'May',
	'June',
	'July',
	'August',
	'September',
	'October',
	'November',
	'December',
];

/** A time in a format of date(1), UTC; null when the format has a letter that is not known. */
function strftime(format: string, s: number, ns: number): string | null {
	const d = new Date(s * 1000);
	const two = (n: number): string => String(n).padStart(2, '0');
	const field = (c: string): string | null => {
		switch (c) {
			case '%':
				return '%';
			case 'n':
				return '\n';
			case 't':
				return '\t';
			case 's':
				return String(s);
			case 'N':
				return String(ns).padStart(9, '0');
			case 'Y':
				return String(d.getUTCFullYear());
			case 'y':
				return two(d.getUTCFullYear() % 100);
			case 'C':
				return two(Math.floor(d.getUTCFullYear() / 100));
			case 'm':
				return two(d.getUTCMonth() + 1);
			case 'd':
				return two(d.getUTCDate());
			case 'e':
				return String(d.getUTCDate()).padStart(2, ' ');
			case 'H':
				return two(d.getUTCHours());
			case 'I':
				return two(((d.getUTCHours() + 11) % 12) + 1);
			case 'M':
				return two(d.getUTCMinutes());
			case 'S':
				return two(d.getUTCSeconds());
			case 'p':
				return d.getUTCHours() < 12 ? 'AM' : 'PM';
			case 'Z':
				return 'UTC';
			case 'z':
				return '+0000';
			case 'a':
				return days[d.getUTCDay()].slice(0, 3);
			case 'A':
				return days[d.getUTCDay()];
			case 'b':
			case 'h':
				return months[d.getUTCMonth()].slice(0, 3);
			case 'B':
				return months[d.getUTCMonth()];
			case 'u':
				return String(d.getUTCDay() === 0 ? 7 : d.getUTCDay());
			case 'w':
				return String(d.getUTCDay());
			case 'j':
				return String(
					Math.floor((d.getTime() - Date.UTC(d.getUTCFullYear(), 0, 1)) / 86400e3) + 1,
				).padStart(3, '0');
			case 'F':
				return strftime('%Y-%m-%d', s, ns);
			case 'T':
				return strftime('%H:%M:%S', s, ns);
			case 'R':
				return strftime('%H:%M', s, ns);
			case 'D':
				return strftime('%m/%d/%y', s, ns);
			case 'c':
				return strftime('%a %b %e %H:%M:%S %Y', s, ns);
			case 'x':
				return strftime('%m/%d/%y', s, ns);
			case 'X':
			case 'r':
				return strftime('%H:%M:%S', s, ns);
			default:
				return null;
		}
	};
	let out = '';
	for (let i = 0; i < format.length; i++) {
		if (format[i] !== '%') {
			out += format[i];
			continue;
		}
		const m = /^%([-_0^#]?)(\d*)([A-Za-z%])/.exec(format.slice(i));
		if (m === null) return null;
		let text = field(m[3]);
		if (text === null) return null;
		if (m[3] === 'N' && m[2] !== '') text = text.slice(0, Number(m[2]));
		else if (m[1] === '-') text = text.replace(/^[0 ]+(?=.)/, '');
		else if (m[1] === '_') text = text.replace(/^0+(?=.)/, (z) => ' '.repeat(z.length));
		else if (m[1] === '^') text = text.toUpperCase();
		out += text;
		i += m[0].length - 1;
	}
	return out;
}

function* date(side: real_side, p: process, argv: string[]): Task<number> {
	let format = '%a %b %e %H:%M:%S UTC %Y';
	const wait = side.poll_ns(p);
	if (wait > 0) yield* p.sleep(wait);
	const now = p.world.realtime_ns();
	let s = Math.floor(now / 1e9);
	let ns = Math.floor(now % 1e9);
	for (let i = 1; i < argv.length; i++) {
		const a = argv[i];
		if (a === '-u' || a === '--utc' || a === '--universal') continue;
		const given = /^(?:-d|--date=)(.*)$/s.exec(a);
		if (given !== null) {
			const text = a === '-d' ? argv[++i] : given[1];
			const at = /^@(\d+)(?:\.(\d+))?$/.exec(text ?? '');
			if (at !== null) {
				s = Number(at[1]);
				ns = Number((at[2] ?? '').padEnd(9, '0').slice(0, 9));
			} else if (text !== 'now' && text !== '') return yield* refuse(p, argv);
		} else if (a === '-R') format = '%a, %d %b %Y %H:%M:%S %z';
		else if (a === '-Is' || a === '-Iseconds' || a === '--iso-8601=seconds')
			format = '%Y-%m-%dT%H:%M:%S+00:00';
		else if (a === '-I' || a === '--iso-8601') format = '%Y-%m-%d';
		else if (a.startsWith('+')) format = a.slice(1);
		else return yield* refuse(p, argv);
	}
	const text = strftime(format, s, ns);
	if (text === null) return yield* refuse(p, argv);
	p.print(`${text}\n`);
	return 0;
}

const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function* mktemp(p: process, argv: string[]): Task<number> {
	const g = getopt(argv.slice(1), 'duqp:t', {
		directory: false,
		'dry-run': false,
		quiet: false,
		suffix: true,
		tmpdir: true,
	});
	let dir: string | null = null;
	let dirs = false;
	let dry = false;
	let quiet = false;
	let suffix = '';
	if (g.error !== null) return yield* refuse(p, argv);
	const tmp = p.env.get('TMPDIR') || '/tmp';
	for (const { name, value } of g.options)
		if (name === 'd' || name === 'directory') dirs = true;
		else if (name === 'u' || name === 'dry-run') dry = true;
		else if (name === 'q' || name === 'quiet') quiet = true;
		else if (name === 'p' || name === 'tmpdir') dir = value || tmp;
		else if (name === 't') dir = tmp;
		else if (name === 'suffix') suffix = value;
	const [template, more] = g.operands;
	if (more !== undefined) {
		p.eprint("mktemp: too many templates\nTry 'mktemp --help' for more information.\n");
		return 1;
	}
	if (template === undefined) dir ??= tmp;
	const m = /^(.*?)(X+)([^X/]*)$/s.exec(template ?? 'tmp.XXXXXXXXXX');
	if (m === null || m[2].length < 3) {
		p.eprint(`mktemp: too few X's in template ‘${template}’\n`);
		return 1;
	}
	for (let round = 0; ; round++) {
		let chance = '';
		for (let i = 0; i < m[2].length; i++) chance += letters[p.world.random_u32() % 62];
		const name = `${dir === null ? '' : `${dir}/`}${m[1]}${chance}${m[3]}${suffix}`;
		const path = resolve(p.cwd, name);
		if (!dry) {
			try {
				if (dirs) mkdirSync(path, 0o700);
				else closeSync(openSync(path, 'wx', 0o600));
			} catch (e) {
				const err = errno_of(e);
				if (err === -17 && round < 1000) continue;
				if (!quiet)
					p.eprint(
						`mktemp: failed to create ${dirs ? 'directory' : 'file'} via template ‘${dir === null ? '' : `${dir}/`}${template ?? 'tmp.XXXXXXXXXX'}’: ${strerror(err)}\n`,
					);
				return 1;
			}
		}
		p.print(`${name}\n`);
		return 0;
	}
}

function* id(p: process, argv: string[]): Task<number> {
	const words = argv.slice(1).join(' ');
	if (/^-(u|g|ru|rg|G)$/.test(words)) p.print('0\n');
	else if (/^-(un|nu|gn|ng|Gn|nG|u -n|g -n)$/.test(words)) p.print('root\n');
	else p.print('uid=0(root) gid=0(root) groups=0(root)\n');
	return 0;
}

/* what of the kernel's modules is in the world */
const modules =
	/^(veth|bridge|8021q|dummy|vrf|esp4|xfrm_user|af_packet|nf_(conntrack|nat|tables|flow_table|defrag_ipv[46]|log_.*|tables_.*|flow_table_.*|conntrack_netlink)|nft_(chain_nat|ct|counter|flow_offload|masq|nat|redir|reject.*|fib.*|limit|log|numgen|quota|hash|compat|objref)|xfrm[46]_.*)$/;

function* modprobe(p: process, argv: string[]): Task<number> {
	const names = argv.slice(1).filter((a) => !a.startsWith('-'));
	const quiet = argv.some((a) => a === '-q' || a === '--quiet');
	const all = argv.includes('-a');
	let rc = 0;
	if (argv.includes('-V') || argv.includes('--version')) {
		p.print('kmod version 30\n');
		return 0;
	}
	if (argv.includes('-r') || argv.includes('--remove')) return yield* refuse(p, argv);
	for (const name of all ? names : names.slice(0, 1)) {
		if (modules.test(name.replaceAll('-', '_'))) continue;
		if (!quiet) p.eprint(`modprobe: FATAL: Module ${name} not found in directory /lib/modules/5.10.0\n`);
		rc = 1;
	}
	return rc;
}

function* ps(p: process): Task<number> {
	let out = '    PID TTY      STAT   TIME COMMAND\n';
	for (const q of p.world.processes)
		out += `${String(q.pid).padStart(7)} ?        S      0:00 ${q.argv.join(' ')}\n`;
	p.print(out);
	return 0;
}

/** What the programs here need of the server behind a process. */
export interface real_side extends process_side {
	/** Makes a file of a number of chance bytes and lets the client read it. */
	give_chance(p: process, bytes: number): void;
	/** How long a look at the clock waits first, for it is one of many, ns. */
	poll_ns(p: process): number;
	/** Starts a command as a real child of the client. */
	run_child(p: process, argv: readonly string[], foreground: boolean): void;
	/** Lets the client end by a signal instead of its exit code. */
	die(p: process, signal: number): void;
	/** Wait status of that child, or null while it runs. */
	child_status(p: process): number | null;
	/** Sends a signal to that child, and to the group of the client unless in the foreground. */
	kill_child(p: process, signal: number, group: boolean): void;
	/** A namespace without a name lives as long as a real process is in it. */
	stays(net: net): void;
}

/** How much of /dev/urandom a command line reads at most. */
function chance_wanted(argv: readonly string[]): number {
	const size = (s: string): number => {
		const m = /^(\d+)(c|w|b|kB|K|KiB|k|MB|M|MiB|G)?$/.exec(s);
		if (m === null) return NaN;
		const unit = { c: 1, w: 2, b: 512, kB: 1000, MB: 1e6, M: 1 << 20, MiB: 1 << 20, G: 1 << 30 };
		return Number(m[1]) * (m[2] === undefined ? 1 : (unit[m[2] as 'c'] ?? 1024));
	};
	if (argv[0] === 'dd') {
		const value = (k: string, other: string): string =>
			argv.findLast((a) => a.startsWith(`${k}=`))?.slice(k.length + 1) ?? other;
		const bs = size(value('bs', value('ibs', '512')));
		return size(value('count', '0')) * bs + size(value('skip', '0')) * bs || 1 << 24;
	}
	for (const [i, a] of argv.entries()) {
		const m = /^(?:-[cN]|--bytes=|--read-bytes=)(.*)$/.exec(a);
		if (m !== null) return size(m[1] === '' ? (argv[i + 1] ?? '') : m[1]) || 1 << 20;
	}
	return 1 << 20;
}

/** The programs that want the server, by name. */
export function real_programs(side: real_side): Map<string, program> {
	function* chance(p: process, argv: string[]): Task<number> {
		side.give_chance(p, chance_wanted(argv));
		return 0;
	}

	function* timeout(p: process, argv: string[]): Task<number> {
		const g = getopt(
			argv.slice(1),
			'k:s:v',
			{ 'kill-after': true, signal: true, foreground: false, 'preserve-status': false, verbose: false },
			false,
		);
		let signal = 'TERM';
		let kill_after: number | null = 0;
		let preserve = false;
		let foreground = false;
		for (const { name, value } of g.options) {
			if (name === 's' || name === 'signal') signal = value;
			else if (name === 'k' || name === 'kill-after') kill_after = parse_time(value);
			else if (name === 'preserve-status') preserve = true;
			else if (name === 'foreground') foreground = true;
		}
		const [span, ...cmd] = g.operands;
		const s = span === undefined ? null : parse_time(span);
		const n = signal_number(signal);
		if (g.error !== null || s === null || kill_after === null || n < 0 || cmd.length === 0) {
			const what =
				s === null && span !== undefined
					? `invalid time interval ‘${span}’`
					: n < 0
						? `‘${signal}’: invalid signal`
						: (g.error ?? 'missing operand');
			p.eprint(`timeout: ${what}\nTry 'timeout --help' for more information.\n`);
			return 125;
		}
		side.run_child(p, cmd, foreground);
		const after = (t: number): number => (t === 0 ? Infinity : p.now() + Math.round(t * NSEC_PER_SEC));
		const end = after(s);
		let timed_out = false;
		while (side.child_status(p) === null && p.now() < end) yield new wait([], end);
		if (side.child_status(p) === null) {
			timed_out = true;
			side.kill_child(p, n, !foreground);
			const hard = after(kill_after);
			while (side.child_status(p) === null && p.now() < hard) yield new wait([], hard);
			if (side.child_status(p) === null) {
				side.kill_child(p, 9, !foreground);
				while (side.child_status(p) === null) yield new wait([], Infinity);
			}
		}
		const status = side.child_status(p) ?? 0;
		const sig = status & 0x7f;
		if (sig !== 0 && !timed_out) side.die(p, sig);
		if (timed_out && !preserve && sig !== 9) return 124;
		return sig !== 0 ? 128 + sig : status >> 8;
	}

	/* of its namespaces the network is what there is; a real command lives on in it */
	function* unshare(p: process, argv: string[]): Task<number> {
		const g = getopt(argv.slice(1), 'n', { net: false }, false);
		const cmd = g.operands.length > 0 ? g.operands : [p.env.get('SHELL') ?? '/bin/sh'];
		if (g.error !== null || g.options.length === 0) {
			p.eprint(`simns: unsupported: ${argv.join(' ')}\n`);
			return 1;
		}
		const err = p.world.unshare(p);
		if (err < 0) {
			p.eprint(`unshare: unshare failed: ${strerror(err)}\n`);
			return 1;
		}
		const code = yield* p.world.exec(p, cmd);
		if (code >= 0) {
			side.stays(p.netns);
			return code;
		}
		p.eprint(`unshare: failed to execute ${cmd[0]}: ${strerror(code)}\n`);
		return code === -ENOENT ? 127 : 126;
	}

	/* a real command, with the files of /proc/net and the like that it names */
	function* here(p: process, argv: string[]): Task<number> {
		const code = yield* p.world.exec(p, argv.slice(1));
		return code >= 0 ? code : 127;
	}

	return new Map<string, program>([
		['date', (p, argv) => date(side, p, argv)],
		['dd', chance],
		['head', chance],
		['simns-here', here],
		['id', id],
		['mktemp', mktemp],
		['modprobe', modprobe],
		['od', chance],
		['ps', ps],
		...process_programs(side),
		['timeout', timeout],
		['unshare', unshare],
	]);
}

/** Commands that must be a process of their own, not run in the place of the one that names them. */
export const own_process: ReadonlySet<string> = new Set(['dd', 'head', 'od', 'ps', 'timeout']);

/** Real commands that read /proc/net, /proc/sys/net and /sys/class/net as the world has them. */
export const readers: readonly string[] = ['awk', 'cat', 'grep', 'ls', 'sed', 'tail', 'tee', 'wc'];

/** Every command on a script's PATH. */
export function shim_programs(side: real_side): Map<string, program> {
	const out = new Map<string, program>();
	for (const name of refused) out.set(name, refuse);
	for (const [name, prog] of programs) if (!real_tools.has(name)) out.set(name, prog);
	for (const [name, prog] of real_programs(side)) out.set(name, prog);
	return out;
}

/** Fills a file with bytes from a generator. */
export function write_chance(path: string, bytes: number, next: () => number): void {
	const fd = openSync(path, 'wx', 0o600);
	try {
		let x = next() || 1;
		const block = new Uint32Array(Math.min(1 << 18, Math.ceil(bytes / 4)));
		const raw = new Uint8Array(block.buffer);
		for (let left = bytes; left > 0; ) {
			for (let i = 0; i < block.length; i++) {
				x ^= x << 13;
				x ^= x >>> 17;
				x ^= x << 5;
				block[i] = x;
			}
			left -= writeSync(fd, raw, 0, Math.min(left, raw.length));
		}
	} finally {
		closeSync(fd);
	}
}
