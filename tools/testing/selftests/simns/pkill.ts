// SPDX-License-Identifier: GPL-2.0-only
/*
 * pgrep, pkill, killall and pidof, over the processes of the script alone: the real ones would find the
 * host's, and the script's programs under the name of their client.
 */
import type { process, program, Task } from '../lib/process.ts';
import { signal_number } from '../lib/process.ts';
import { getopt } from '../usr/getopt.ts';

/** A process of the script. */
export interface script_process {
	pid: number;
	ppid: number;
	pgrp: number;
	sid: number;
	/** Name of its program. */
	name: string;
	/** Its words. */
	argv: readonly string[];
}

/** What these programs need of the server. */
export interface process_side {
	/** The script's processes in the order in which they were made. */
	script_processes(): script_process[];
	/** Sends a signal to a process of the script. */
	send_signal(pid: number, signal: number): void;
	/** Pid of the client behind a process, null when there is none. */
	pid_of(p: process): number | null;
}

const MAX_NAME = 15;

function usage(p: process, name: string, what: string): number {
	p.eprint(`${name}: ${what}\nTry \`${name} --help' for more information.\n`);
	return 2;
}

/** A signal given as first word, `-9` or `-INT`, taken out of the words; -1 when there is no such. */
function signal_word(words: string[]): number | null {
	const i = words.findIndex((w) => /^-(?:\d+|(?:SIG)?[A-Z][A-Z0-9]+)$/.test(w));
	if (i < 0) return null;
	const [w] = words.splice(i, 1);
	return /^-\d+$/.test(w) ? Number(w.slice(1)) : signal_number(w.slice(1).replace(/^SIG/, ''));
}

function grep(side: process_side, kill: boolean): program {
	return function* (p: process, argv: string[]): Task<number> {
		const name = kill ? 'pkill' : 'pgrep';
		const words = argv.slice(1);
		let signal = kill ? (signal_word(words) ?? 15) : 15;
		const g = getopt(words, 'acefilnovxd:g:P:s:', {
			full: false,
			exact: false,
			newest: false,
			oldest: false,
			count: false,
			inverse: false,
			'list-name': false,
			'list-full': false,
			'ignore-case': false,
			echo: false,
			signal: true,
			parent: true,
			pgroup: true,
			session: true,
			delimiter: true,
		});
		if (g.error !== null) return usage(p, name, g.error);
		const has = (short: string, long: string): boolean =>
			g.options.some((o) => o.name === short || o.name === long);
		const list = (short: string, long: string): number[] | null => {
			const o = g.options.find((x) => x.name === short || x.name === long);
			return o === undefined ? null : o.value.split(',').map(Number);
		};
		for (const o of g.options) if (o.name === 'signal') signal = signal_number(o.value.replace(/^SIG/, ''));
		if (signal < 0) return usage(p, name, 'unknown signal');
		const [parents, groups, sessions] = [list('P', 'parent'), list('g', 'pgroup'), list('s', 'session')];
		const [pattern, more] = g.operands;
		if (more !== undefined) return usage(p, name, 'only one pattern can be provided');
		if (pattern === undefined && parents === null && groups === null && sessions === null)
			return usage(p, name, 'no matching criteria specified');
		let re: RegExp;
		try {
			const text = pattern ?? '';
			re = new RegExp(has('x', 'exact') ? `^(?:${text})$` : text, has('i', 'ignore-case') ? 'i' : '');
		} catch {
			return usage(p, name, 'invalid pattern');
		}
		const own = side.pid_of(p);
		let found = side.script_processes().filter((q) => {
			if (q.pid === own) return false;
			const text = has('f', 'full') ? q.argv.join(' ') : q.name.slice(0, MAX_NAME);
			const yes =
				re.test(text) &&
				(parents?.includes(q.ppid) ?? true) &&
				(groups?.includes(q.pgrp) ?? true) &&
				(sessions?.includes(q.sid) ?? true);
			return yes !== has('v', 'inverse');
		});
		if (has('n', 'newest')) found = found.slice(-1);
		if (has('o', 'oldest')) found = found.slice(0, 1);
		if (kill) for (const q of found) side.send_signal(q.pid, signal);
		if (has('c', 'count')) p.print(`${found.length}\n`);
		else if (!kill && found.length > 0) {
			const line = (q: script_process): string => {
				if (has('a', 'list-full')) return `${q.pid} ${q.argv.join(' ')}`;
				return has('l', 'list-name') ? `${q.pid} ${q.name.slice(0, MAX_NAME)}` : String(q.pid);
			};
			const sep = g.options.find((o) => o.name === 'd' || o.name === 'delimiter')?.value ?? '\n';
			p.print(`${found.map(line).join(sep)}\n`);
		} else if (kill && has('e', 'echo'))
			for (const q of found) p.print(`${q.name} killed (pid ${q.pid})\n`);
		return found.length > 0 ? 0 : 1;
	};
}

function killall(side: process_side): program {
	return function* (p: process, argv: string[]): Task<number> {
		const words = argv.slice(1);
		let signal = signal_word(words) ?? 15;
		const g = getopt(words, 'qs:e', { quiet: false, signal: true, exact: false });
		const text = g.options.find((o) => o.name === 's' || o.name === 'signal')?.value;
		if (text !== undefined) signal = /^\d+$/.test(text) ? Number(text) : signal_number(text.replace(/^SIG/, ''));
		if (g.error !== null || g.operands.length === 0 || signal < 0) {
			p.eprint('Usage: killall [-q] [-s SIGNAL] NAME...\n');
			return 1;
		}
		const quiet = g.options.some((o) => o.name === 'q' || o.name === 'quiet');
		const own = side.pid_of(p);
		let rc = 0;
		for (const name of g.operands) {
			const found = side.script_processes().filter((q) => q.name === name && q.pid !== own);
			for (const q of found) side.send_signal(q.pid, signal);
			if (found.length > 0) continue;
			if (!quiet) p.eprint(`${name}: no process found\n`);
			rc = 1;
		}
		return rc;
	};
}

function pidof(side: process_side): program {
	return function* (p: process, argv: string[]): Task<number> {
		const names = argv.slice(1).filter((a) => !a.startsWith('-'));
		const found = side.script_processes().filter((q) => names.includes(q.name));
		if (found.length === 0) return 1;
		const pids = found.map((q) => q.pid).reverse();
		p.print(`${(argv.includes('-s') ? pids.slice(0, 1) : pids).join(' ')}\n`);
		return 0;
	};
}

/** The programs by name. */
export function process_programs(side: process_side): [string, program][] {
	return [
		['pgrep', grep(side, false)],
		['pkill', grep(side, true)],
		['killall', killall(side)],
		['pidof', pidof(side)],
	];
}
