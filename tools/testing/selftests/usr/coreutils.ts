// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small programs that the selftests start inside a namespace: cat, echo, true, false, sleep, timeout,
 * cmp, id, uname, modprobe.
 */
import type { process, program, Task } from '../lib/process.ts';
import { NSEC_PER_SEC, signal_number, wait } from '../lib/process.ts';
import { strerror } from '../lib/strerror.ts';
import { getopt } from './getopt.ts';

/** Seconds of a time such as `1.5`, `2s`, `3m`, or null. */
function parse_time(s: string): number | null {
	const m = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(s);
	if (m === null) return null;
	const unit = { '': 1, s: 1, m: 60, h: 3600, d: 86400 }[m[2]]!;
	return Number(m[1]) * unit;
}

function* cat(p: process, argv: string[]): Task<number> {
	let rc = 0;
	for (const path of argv.length > 1 ? argv.slice(1) : ['-']) {
		const f = path === '-' ? p.stdin : p.world.open(p, path, 'r');
		if (typeof f === 'number') {
			p.eprint(`cat: ${path}: ${strerror(f)}\n`);
			rc = 1;
			continue;
		}
		const buf = new Uint8Array(65536);
		for (;;) {
			const n = yield* p.read(f, buf);
			if (n <= 0) break;
			if ((yield* p.write_all(p.stdout, buf.slice(0, n))) < 0) return 1;
		}
		if (path !== '-') f.close();
	}
	return rc;
}

function* echo(p: process, argv: string[]): Task<number> {
	const words = argv.slice(1);
	const newline = words[0] !== '-n';
	if (!newline) words.shift();
	p.print(words.join(' ') + (newline ? '\n' : ''));
	return 0;
}

function* yes(): Task<number> {
	return 0;
}

function* no(): Task<number> {
	return 1;
}

function* sleep(p: process, argv: string[]): Task<number> {
	if (argv.length < 2) {
		p.eprint("sleep: missing operand\nTry 'sleep --help' for more information.\n");
		return 1;
	}
	let total = 0;
	for (const word of argv.slice(1)) {
		const s = parse_time(word);
		if (s === null) {
			p.eprint(`sleep: invalid time interval ‘${word}’\nTry 'sleep --help' for more information.\n`);
			return 1;
		}
		total += s;
	}
	yield* p.sleep(Math.round(total * NSEC_PER_SEC));
	return 0;
}

function* timeout(p: process, argv: string[]): Task<number> {
	const g = getopt(
		argv.slice(1),
		'k:s:v',
		{ 'kill-after': true, signal: true, foreground: false, 'preserve-status': false },
		false,
	);
	let signal = 'TERM';
	let kill_after = 0;
	let preserve = false;
	for (const { name, value } of g.options) {
		if (name === 's' || name === 'signal') signal = value;
		else if (name === 'k' || name === 'kill-after') kill_after = parse_time(value) ?? 0;
		else if (name === 'preserve-status') preserve = true;
	}
	const [span, ...cmd] = g.operands;
	const s = span === undefined ? null : parse_time(span);
	if (g.error !== null || s === null || cmd.length === 0) {
		p.eprint(
			s === null && span !== undefined
				? `timeout: invalid time interval ‘${span}’\nTry 'timeout --help' for more information.\n`
				: "timeout: missing operand\nTry 'timeout --help' for more information.\n",
		);
		return 125;
	}
	if (signal_number(signal) < 0) {
		p.eprint(`timeout: ‘${signal}’: invalid signal\nTry 'timeout --help' for more information.\n`);
		return 125;
	}
	if (p.world.find_program(cmd[0]) === null) {
		p.eprint(`timeout: failed to run command ‘${cmd[0]}’: No such file or directory\n`);
		return 127;
	}
	const child = p.world.start_child(p, cmd);
	/* what ends us ends the child */
	p.hold({ close: () => p.world.kill(child, 'TERM') });
	const end = s === 0 ? Infinity : p.now() + Math.round(s * NSEC_PER_SEC);
	while (child.exit_code === null && p.now() < end) yield new wait([child.exit_wq], end);
	if (child.exit_code !== null) return child.exit_code;
	p.world.kill(child, signal);
	const hard = kill_after > 0 ? p.now() + Math.round(kill_after * NSEC_PER_SEC) : Infinity;
	while (child.exit_code === null && p.now() < hard) yield new wait([child.exit_wq], hard);
	if (child.exit_code === null) {
		p.world.kill(child, 'KILL');
		return 137;
	}
	return preserve ? child.exit_code : 124;
}

function* cmp(p: process, argv: string[]): Task<number> {
	const files: Uint8Array[] = [];
	const names = argv.slice(1).filter((a) => !a.startsWith('-'));
	for (const path of names) {
		const f = p.world.open(p, path, 'r');
		if (typeof f === 'number') {
			p.eprint(`cmp: ${path}: ${strerror(f)}\n`);
			return 2;
		}
		files.push(yield* p.read_all(f));
	}
	const [a, b] = files;
	if (a === undefined || b === undefined) {
		p.eprint("cmp: missing operand\ncmp: Try 'cmp --help' for more information.\n");
		return 2;
	}
	if (Buffer.compare(a, b) === 0) return 0;
	let line = 1;
	for (let i = 0; i < Math.min(a.length, b.length); i++) {
		if (a[i] !== b[i]) {
			p.print(`${names[0]} ${names[1]} differ: byte ${i + 1}, line ${line}\n`);
			return 1;
		}
		if (a[i] === 10) line++;
	}
	const short = a.length < b.length ? 0 : 1;
	const n = Math.min(a.length, b.length);
	p.eprint(
		n === 0
			? `cmp: EOF on ${names[short]} which is empty\n`
			: `cmp: EOF on ${names[short]} after byte ${n}, in line ${line}\n`,
	);
	return 1;
}

function* id(p: process, argv: string[]): Task<number> {
	p.print(argv.includes('-u') ? '0\n' : 'uid=0(root) gid=0(root) groups=0(root)\n');
	return 0;
}

function* uname(p: process, argv: string[]): Task<number> {
	if (argv.includes('-r')) p.print('5.10.0\n');
	else if (argv.includes('-m')) p.print('x86_64\n');
	else p.print('Linux\n');
	return 0;
}

/** All of them by name. */
export const coreutils: readonly (readonly [string, program])[] = [
	['cat', cat],
	['echo', echo],
	['true', yes],
	['false', no],
	['sleep', sleep],
	['timeout', timeout],
	['cmp', cmp],
	['id', id],
	['uname', uname],
	['modprobe', yes],
];
