// SPDX-License-Identifier: GPL-2.0-only
/*
 * User land of the harness: nft, options.
 * Modelled on main.c of nftables 1.0.6.
 * Not here: JSON, the interactive mode, echo, optimize, names of hosts; they are refused.
 */

import {
	NFT_CTX_OUTPUT_GUID,
	NFT_CTX_OUTPUT_HANDLE,
	NFT_CTX_OUTPUT_NUMERIC_ALL,
	NFT_CTX_OUTPUT_NUMERIC_PRIO,
	NFT_CTX_OUTPUT_NUMERIC_PROTO,
	NFT_CTX_OUTPUT_NUMERIC_TIME,
	NFT_CTX_OUTPUT_SERVICE,
	NFT_CTX_OUTPUT_STATELESS,
	NFT_CTX_OUTPUT_TERSE,
} from './datatype.ts';
import { nft_ctx, type nft_world } from './libnftables.ts';

const VERSION = 'nftables v1.0.6 (Lester Gooch #5)';

interface option {
	val: string;
	name: string | null;
	arg: string | null;
	help: string;
}

const O = (val: string, name: string | null, arg: string | null, help: string): option => ({
	val,
	name,
	arg,
	help,
});

const general = [
	O('h', 'help', null, 'Show this help'),
	O('v', 'version', null, 'Show version information'),
	O('V', null, null, 'Show extended version information'),
];
const ruleset_input = [
	O('f', 'file', '<filename>', 'Read input from <filename>'),
	O('D', 'define', '<name=value>', 'Define variable, e.g. --define foo=1.2.3.4'),
	O('i', 'interactive', null, 'Read input from interactive CLI'),
	O(
		'I',
		'includepath',
		'<directory>',
		'Add <directory> to the paths searched for include files. Default is: /etc',
	),
	O('c', 'check', null, 'Check commands validity without actually applying the changes.'),
	O('o', 'optimize', null, 'Optimize ruleset'),
];
const ruleset_list = [
	O('a', 'handle', null, 'Output rule handle.'),
	O('s', 'stateless', null, 'Omit stateful information of ruleset.'),
	O('t', 'terse', null, 'Omit contents of sets.'),
	O('S', 'service', null, 'Translate ports to service names as described in /etc/services.'),
	O('N', 'reversedns', null, 'Translate IP addresses to names.'),
	O('u', 'guid', null, 'Print UID/GID as defined in /etc/passwd and /etc/group.'),
	O('n', 'numeric', null, 'Print fully numerical output.'),
	O('y', 'numeric-priority', null, 'Print chain priority numerically.'),
	O('p', 'numeric-protocol', null, 'Print layer 4 protocols numerically.'),
	O('T', 'numeric-time', null, 'Print time values numerically.'),
];
const cmd_output = [
	O('e', 'echo', null, 'Echo what has been added, inserted or replaced.'),
	O('j', 'json', null, 'Format output in JSON'),
	O(
		'd',
		'debug',
		'<level [,level...]>',
		'Specify debugging level (scanner, parser, eval, netlink, mnl, proto-ctx, segtree, all)',
	),
];
const all_options = [...general, ...ruleset_input, ...ruleset_list, ...cmd_output];

const output_flags: Readonly<Record<string, number>> = {
	a: NFT_CTX_OUTPUT_HANDLE,
	s: NFT_CTX_OUTPUT_STATELESS,
	t: NFT_CTX_OUTPUT_TERSE,
	S: NFT_CTX_OUTPUT_SERVICE,
	u: NFT_CTX_OUTPUT_GUID,
	n: NFT_CTX_OUTPUT_NUMERIC_ALL,
	y: NFT_CTX_OUTPUT_NUMERIC_PRIO,
	p: NFT_CTX_OUTPUT_NUMERIC_PROTO,
	T: NFT_CTX_OUTPUT_NUMERIC_TIME,
};

const debug_levels = 'scanner parser eval netlink mnl proto-ctx segtree all'.split(' ');

/** What a run of the program leaves behind. */
export class nft_result {
	rc = 0;
	out = '';
	err = '';
}

function help_text(argv0: string): string {
	const line = (o: option): string => {
		let left = `  -${o.val}`;
		if (o.name !== null) left += `, --${o.name}`;
		if (o.arg !== null) left += ` ${o.arg}`;
		return `${left.padEnd(34)}${o.help}\n`;
	};
	const group = (title: string, list: option[]): string =>
		`${title}:\n${list.map(line).join('')}\n`;
	return (
		`Usage: ${argv0} [ options ] [ cmds... ]\n\n` +
		group('Options (general)', general) +
		group('Options (ruleset input handling)', ruleset_input) +
		group('Options (ruleset list formatting)', ruleset_list) +
		group('Options (command output formatting)', cmd_output)
	);
}

/* options behind commands are a mistake that would only give obscure syntax errors */
function options_check(argv: readonly string[], r: nft_result): boolean {
	let pos = 0;
	let nonoption = false;
	for (let i = 1; i < argv.length; i++) {
		const a = argv[i];
		pos += argv[i - 1].length + 1;
		if (a.startsWith('{')) break;
		if (!a.startsWith('-')) {
			nonoption = true;
			continue;
		}
		if (nonoption) {
			r.err += 'Error: syntax error, options must be specified before commands\n';
			r.err += argv.map((w) => `${w} `).join('');
			r.out += `\n   ^${'~~'.padStart(pos - 2)}\n`;
			return false;
		}
		if (
			'dIfD'.includes(a[1] ?? '-') ||
			['--debug', '--includepath', '--define', '--file'].includes(a)
		) {
			pos += a.length + 1;
			i++;
		}
	}
	return true;
}

interface parsed_options {
	flags: number;
	check: boolean;
	debug: boolean;
	file: string | null;
	vars: string[];
	include_path: string[];
	rest: string[];
	/** set: nothing more to do */
	done: boolean;
}

function parse_options(argv: readonly string[], r: nft_result): parsed_options {
	const o: parsed_options = {
		flags: 0,
		check: false,
		debug: false,
		file: null,
		vars: [],
		include_path: ['/etc'],
		rest: [],
		done: false,
	};
	const stop = (rc: number): void => {
		r.rc = rc;
		o.done = true;
	};
	const take = (val: string, arg: string): void => {
		const flag = output_flags[val];
		if (flag !== undefined) {
			o.flags |= flag;
			return;
		}
		switch (val) {
			case 'h':
				r.out += help_text(argv[0]);
				stop(0);
				break;
			case 'v':
				r.out += `${VERSION}\n`;
				stop(0);
				break;
			case 'V':
				r.out += `${VERSION}\n  cli:\t\tno\n  json:\t\tno\n  minigmp:\tno\n  libxtables:\tno\n`;
				stop(0);
				break;
			case 'f':
				o.file = arg;
				break;
			case 'D':
				if (arg.includes('=')) o.vars.push(arg);
				else {
					r.err += `Failed to define variable '${arg}'\n`;
					stop(1);
				}
				break;
			case 'I':
				o.include_path.push(arg);
				break;
			case 'c':
				o.check = true;
				break;
			case 'd':
				for (const level of arg.split(',')) {
					if (!debug_levels.includes(level)) {
						r.err += `invalid debug parameter \`${level}'\n`;
						stop(1);
						return;
					}
					if (level === 'netlink' || level === 'all') o.debug = true;
				}
				break;
			case 'j':
				r.err += 'JSON support not compiled-in\n';
				stop(1);
				break;
			case 'i':
				r.err += `${argv[0]}: interactive CLI not supported in this build\n`;
				stop(1);
				break;
			default:
				r.err += `${argv[0]}: option not supported in this build -- '${val}'\n`;
				stop(1);
		}
	};

	let i = 1;
	for (; i < argv.length && !o.done; i++) {
		const a = argv[i];
		if (a === '--') {
			i++;
			break;
		}
		if (!a.startsWith('-') || a === '-') break;
		if (a.startsWith('--')) {
			const eq = a.indexOf('=');
			const name = eq < 0 ? a.slice(2) : a.slice(2, eq);
			const hits = all_options.filter((x) => x.name?.startsWith(name));
			const opt =
				hits.find((x) => x.name === name) ??
				(hits.length === 1 ? hits[0] : undefined);
			if (opt === undefined) {
				r.err += `${argv[0]}: unrecognized option '${eq < 0 ? a : a.slice(0, eq)}'\n`;
				stop(1);
			} else if (opt.arg === null) take(opt.val, '');
			else if (eq >= 0) take(opt.val, a.slice(eq + 1));
			else if (i + 1 < argv.length) take(opt.val, argv[++i]);
			else {
				r.err += `${argv[0]}: option '--${opt.name}' requires an argument\n`;
				stop(1);
			}
			continue;
		}
		for (let k = 1; k < a.length && !o.done; k++) {
			const opt = all_options.find((x) => x.val === a[k]);
			if (opt === undefined) {
				r.err += `${argv[0]}: invalid option -- '${a[k]}'\n`;
				stop(1);
			} else if (opt.arg === null) take(opt.val, '');
			else {
				const inline = a.slice(k + 1);
				if (inline !== '') take(opt.val, inline);
				else if (i + 1 < argv.length) take(opt.val, argv[++i]);
				else {
					r.err += `${argv[0]}: option requires an argument -- '${a[k]}'\n`;
					stop(1);
				}
				break;
			}
		}
	}
	o.rest = argv.slice(i);
	return o;
}

/** Runs the program. */
export function nft_main(
	world: nft_world,
	argv: readonly string[],
	stdin: () => string,
): nft_result {
	const r = new nft_result();
	if (!options_check(argv, r)) {
		r.rc = 1;
		return r;
	}
	const o = parse_options(argv, r);
	if (o.done) return r;
	if (o.file === null && o.vars.length > 0) {
		r.err += 'Error: -D/--define can only be used with -f/--filename\n';
		r.rc = 1;
		return r;
	}
	if (o.rest.length === 0 && o.file === null) {
		r.err += `${argv[0]}: no command specified\n`;
		r.rc = 1;
		return r;
	}
	const ctx = new nft_ctx(world, o.flags);
	ctx.check = o.check;
	ctx.debug = o.debug;
	ctx.vars = o.vars;
	ctx.include_path = o.include_path;
	let ok: boolean;
	if (o.rest.length > 0 || o.file === null) ok = ctx.run_cmd(o.rest.join(' '));
	else if (o.file === '-' || o.file === '/dev/stdin')
		/* read into a string of C, which ends at the first NUL */
		ok = ctx.run_text('/dev/stdin', stdin().replace(/\0[^]*/, ''));
	else ok = ctx.run_text(o.file, world.read_file(o.file));
	r.out += ctx.out;
	r.err += ctx.errors();
	r.rc = ok ? 0 : 1;
	return r;
}
