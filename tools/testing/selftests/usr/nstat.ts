// SPDX-License-Identifier: GPL-2.0-only
/*
 * nstat of iproute2 6.1, over /proc/net/snmp, snmp6 and netstat: -a -j -n -p -r -s -z, patterns. The history, a file
 * of the user's in truth, is the namespace's own here. No daemon (-d, -t).
 */
import { pernet_var } from '../../../../include/net/net_namespace.ts';
import type { process, Task } from '../lib/process.ts';
import { getopt } from './getopt.ts';

const USAGE = `Usage: nstat [OPTION] [ PATTERN [ PATTERN ] ]
   -h, --help          this message
   -a, --ignore        ignore history
   -d, --scan=SECS     sample every statistics every SECS
   -j, --json          format output in JSON
   -n, --nooutput      do history only
   -p, --pretty        pretty print
   -r, --reset         reset history
   -s, --noupdate      don't update history
   -t, --interval=SECS report average over the last SECS
   -V, --version       output version information
   -z, --zeros         show entries with zero activity
`;

/** Long options and their letters. */
const LONG: Readonly<Record<string, string>> = {
	help: 'h',
	ignore: 'a',
	scan: 'd',
	json: 'j',
	nooutput: 'n',
	pretty: 'p',
	reset: 'r',
	noupdate: 's',
	interval: 't',
	version: 'V',
	zeros: 'z',
};

/** What is no count of events. */
const USELESS = new Set([
	'IpForwarding',
	'IpDefaultTTL',
	'TcpRtoAlgorithm',
	'TcpRtoMin',
	'TcpRtoMax',
	'TcpMaxConn',
	'TcpCurrEstab',
]);

const history = pernet_var(() => new Map<string, number>());

/** Counters of a file of two-line tables. */
function* ugly_table(text: string): Generator<[string, number]> {
	const lines = text.split('\n');
	for (let i = 0; i + 1 < lines.length; i += 2) {
		const [title, ...names] = lines[i].split(' ');
		const values = lines[i + 1].split(' ').slice(1);
		for (const [k, name] of names.entries()) yield [title.slice(0, -1) + name, Number(values[k])];
	}
}

/** Counters of a file of one a line. */
function* good_table(text: string): Generator<[string, number]> {
	for (const line of text.split('\n'))
		if (line !== '') {
			const [name, value] = line.split(/\s+/);
			yield [name, Number(value)];
		}
}

/** A shell's pattern, in whatever case, as an expression. */
function fnmatch(pattern: string): RegExp {
	const text = pattern.replaceAll(/[\\^$.+(){}|]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.').replaceAll('[!', '[^');
	return new RegExp(`^${text}$`, 'i');
}

/** The program. */
export function* nstat(p: process, argv: string[]): Task<number> {
	const long = Object.fromEntries(
		Object.keys(LONG).map((name) => [name, name === 'scan' || name === 'interval']),
	);
	const g = getopt(argv.slice(1), 'h?vVzrnasd:t:jp', long);
	if (g.error !== null) {
		p.eprint(`nstat: ${g.error}\n${USAGE}`);
		return 255;
	}
	const given = new Set(g.options.map(({ name }) => LONG[name] ?? name));
	if (given.has('h') || given.has('?')) {
		p.eprint(USAGE);
		return 255;
	}
	if (given.has('v') || given.has('V')) {
		p.print('nstat utility, iproute2-6.1.0\n');
		return 0;
	}
	if (given.has('d') || given.has('t')) {
		p.eprint(`simns: unsupported: ${argv.join(' ')}\n`);
		return 1;
	}
	const file = (name: string): string => p.netns.proc_net.get(name)?.() ?? '';
	const now = new Map<string, number>();
	for (const table of [ugly_table(file('snmp')), good_table(file('snmp6')), ugly_table(file('netstat'))])
		for (const [name, value] of table) if (!USELESS.has(name)) now.set(name, value);

	const before = history.of(p.netns);
	if (given.has('r')) before.clear();
	const patterns = g.operands.map(fnmatch);
	const asked = (name: string): boolean => patterns.length === 0 || patterns.some((re) => re.test(name));
	if (!given.has('n')) {
		const shown: Record<string, number> = {};
		let text = '#kernel\n';
		for (const [name, value] of now) {
			const old = given.has('a') ? 0 : (before.get(name) ?? 0);
			const over = value < old;
			const val = over ? 0 : value - old;
			if (!asked(name) || (val === 0 && !given.has('z'))) continue;
			shown[name] = val;
			text += `${name.padEnd(32)}${String(val).padEnd(16)}${'0.0'.padStart(6)}${over ? ' (overflow)' : ''}\n`;
		}
		const indent = given.has('p') ? 4 : undefined;
		p.print(given.has('j') ? `${JSON.stringify({ kernel: shown }, null, indent)}\n` : text);
	}
	if (!given.has('s'))
		for (const [name, value] of now) if (asked(name)) before.set(name, value);
	return 0;
}
