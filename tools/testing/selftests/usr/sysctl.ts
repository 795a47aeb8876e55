// SPDX-License-Identifier: GPL-2.0-only
/*
 * sysctl of procps-ng 4.0.2, over /proc/sys: -a -b -e -n -N -q -w and their long forms, -p for files.
 */
import { decode } from '../lib/file.ts';
import type { process, Task } from '../lib/process.ts';
import { strerror } from '../lib/strerror.ts';
import { getopt } from './getopt.ts';

const USAGE = `
Usage:
 sysctl [options] [variable[=value] ...]

Options:
  -a, --all            display all variables
  -A                   alias of -a
  -X                   alias of -a
      --deprecated     include deprecated parameters to listing
      --dry-run        Print the key and values but do not write
  -b, --binary         print value without new line
  -e, --ignore         ignore unknown variables errors
  -N, --names          print variable names without values
  -n, --values         print only values of the given variable(s)
  -p, --load[=<file>]  read values from file
  -f                   alias of -p
      --system         read values from all system directories
  -r, --pattern <expression>
                       select setting that match expression
  -q, --quiet          do not echo variable set
  -w, --write          enable writing a value to variable
  -o                   does nothing
  -x                   does nothing
  -d                   alias of -h

 -h, --help     display this help and exit
 -V, --version  output version information and exit

For more details see sysctl(8).
`;

interface sysctl_options {
	all: boolean;
	names: boolean;
	values: boolean;
	binary: boolean;
	ignore: boolean;
	quiet: boolean;
	write: boolean;
	load: boolean;
	pattern: RegExp | null;
}

/** Path below /proc/sys of a key: its first separator says which character separates. */
function key_path(key: string): string {
	const first = /[./]/.exec(key);
	if (first === null || first[0] === '/') return key;
	return key.replace(/[./]/g, (c) => (c === '.' ? '/' : '.'));
}

/** Name of a path below /proc/sys as it is printed. */
function path_key(path: string): string {
	return path.replace(/[./]/g, (c) => (c === '/' ? '.' : '/'));
}

function show(p: process, o: sysctl_options, key: string): number {
	const path = key_path(key);
	const entry = p.netns.sysctls.get(path);
	if (entry === undefined) {
		if ([...p.netns.sysctls.keys()].some((k) => k.startsWith(`${path}/`))) {
			let rc = 0;
			for (const k of [...p.netns.sysctls.keys()].sort())
				if (k.startsWith(`${path}/`)) rc |= show(p, o, k);
			return rc;
		}
		if (o.ignore) return 0;
		p.eprint(`sysctl: cannot stat /proc/sys/${path}: No such file or directory\n`);
		return 1;
	}
	const name = path_key(path);
	if (o.names) {
		p.print(`${name}\n`);
		return 0;
	}
	/* a file that can only be written says nothing */
	if ((entry.mode & 0o444) === 0) return 0;
	const text = entry.show();
	if (o.values) p.print(o.binary ? text : `${text}\n`);
	else for (const line of text.split('\n')) p.print(`${name} = ${line}\n`);
	return 0;
}

function store(p: process, o: sysctl_options, setting: string): number {
	const eq = setting.indexOf('=');
	const key = setting.slice(0, eq).trim();
	const value = setting.slice(eq + 1).trim();
	const ignore = o.ignore || key.startsWith('-');
	const path = key_path(key.replace(/^-/, ''));
	const entry = p.netns.sysctls.get(path);
	if (entry === undefined) {
		if (ignore) return 0;
		p.eprint(`sysctl: cannot stat /proc/sys/${path}: No such file or directory\n`);
		return 1;
	}
	const name = path_key(path);
	if ((entry.mode & 0o222) === 0) {
		p.eprint(`sysctl: setting key "${name}", ignoring: Read-only file system\n`);
		return 1;
	}
	const err = entry.store(value);
	if (err < 0) {
		p.eprint(`sysctl: setting key "${name}"${ignore ? ', ignoring' : ''}: ${strerror(err)}\n`);
		return ignore ? 0 : 1;
	}
	if (o.quiet) return 0;
	if (o.names) p.print(`${name}\n`);
	else if (o.values) p.print(o.binary ? value : `${value}\n`);
	else p.print(`${name} = ${value}\n`);
	return 0;
}

/** The program. */
export function* sysctl(p: process, argv: string[]): Task<number> {
	const g = getopt(argv.slice(1), 'bneNwfpqoxaAXr:Vdh', {
		all: false,
		deprecated: false,
		'dry-run': false,
		binary: false,
		ignore: false,
		names: false,
		values: false,
		load: false,
		system: false,
		pattern: true,
		quiet: false,
		write: false,
		help: false,
		version: false,
	});
	if (g.error !== null) {
		p.eprint(`sysctl: ${g.error}\n`);
		p.eprint(USAGE);
		return 1;
	}
	const o: sysctl_options = {
		all: false,
		names: false,
		values: false,
		binary: false,
		ignore: false,
		quiet: false,
		write: false,
		load: false,
		pattern: null,
	};
	for (const { name, value } of g.options) {
		switch (name) {
			case 'a':
			case 'A':
			case 'X':
			case 'all':
				o.all = true;
				break;
			case 'b':
			case 'binary':
				o.binary = true;
				o.values = true;
				break;
			case 'n':
			case 'values':
				o.values = true;
				break;
			case 'e':
			case 'ignore':
				o.ignore = true;
				break;
			case 'N':
			case 'names':
				o.names = true;
				break;
			case 'q':
			case 'quiet':
				o.quiet = true;
				break;
			case 'w':
			case 'write':
				o.write = true;
				break;
			case 'p':
			case 'f':
			case 'load':
				o.load = true;
				break;
			case 'r':
			case 'pattern':
				o.pattern = new RegExp(value);
				break;
			case 'V':
			case 'version':
				p.print('sysctl from procps-ng 4.0.2\n');
				return 0;
			case 'h':
			case 'd':
			case 'help':
				p.print(USAGE);
				return 0;
			default:
		}
	}
	if (o.all) {
		for (const k of [...p.netns.sysctls.keys()].sort())
			if (o.pattern === null || o.pattern.test(path_key(k))) show(p, o, k);
		return 0;
	}
	if (o.load) {
		let rc = 0;
		for (const file of g.operands.length > 0 ? g.operands : ['/etc/sysctl.conf']) {
			const f = file === '-' ? p.stdin : p.world.open(p, file, 'r');
			if (typeof f === 'number') {
				p.eprint(`sysctl: cannot open "${file}": ${strerror(f)}\n`);
				rc = 1;
				continue;
			}
			for (const line of decode(yield* p.read_all(f)).split('\n')) {
				const t = line.trim();
				if (t === '' || t.startsWith('#') || t.startsWith(';')) continue;
				if (t.includes('=')) rc |= store(p, o, t);
			}
		}
		return rc;
	}
	if (g.operands.length === 0) {
		p.eprint(USAGE);
		return 1;
	}
	let rc = 0;
	for (const [i, word] of g.operands.entries()) {
		if (word.includes('=')) rc |= store(p, o, word);
		else if (o.write) {
			p.eprint(`sysctl: command line(${i}): invalid syntax, continuing...\n`);
			rc = 1;
		} else rc |= show(p, o, word);
	}
	return rc;
}
