// SPDX-License-Identifier: GPL-2.0-only
/*
 * ip, as of iproute2 6.1: link, address, route, rule, neighbour, netns, vrf, xfrm, -batch.
 * Objects that are not here say so.
 */
import { ENOENT } from '../../../../../include/uapi/linux/errno.ts';
import type { process, Task } from '../../lib/process.ts';
import { strerror } from '../../lib/strerror.ts';
import { do_ipaddr } from './ipaddress.ts';
import { do_iplink } from './iplink.ts';
import { do_ipneigh } from './ipneigh.ts';
import { do_ipvrf, do_netns } from './ipnetns.ts';
import { do_iproute } from './iproute.ts';
import { do_iprule } from './iprule.ts';
import { do_xfrm } from './ipxfrm.ts';
import {
	AF_BRIDGE,
	AF_INET,
	AF_INET6,
	AF_UNSPEC,
	command,
	exit_error,
	EXIT_MINUS_1,
	matches,
	type settings,
} from './utils.ts';

type object_command = (c: command) => number | Task<number>;

/* in the order in which abbreviations are tried */
const objects: [string, object_command | null][] = [
	['address', do_ipaddr],
	['addrlabel', null],
	['maddress', null],
	['route', do_iproute],
	['rule', do_iprule],
	['neighbor', do_ipneigh],
	['neighbour', do_ipneigh],
	['ntable', null],
	['ntbl', null],
	['link', do_iplink],
	['l2tp', null],
	['fou', null],
	['ila', null],
	['macsec', null],
	['tunnel', null],
	['tunl', null],
	['tuntap', null],
	['tap', null],
	['token', null],
	['tcpmetrics', null],
	['tcp_metrics', null],
	['monitor', null],
	['xfrm', do_xfrm],
	['mroute', null],
	['mrule', null],
	['netns', do_netns],
	['netconf', null],
	['vrf', do_ipvrf],
	['sr', null],
	['nexthop', null],
	['mptcp', null],
	['ioam', null],
	['stats', null],
];

const USAGE =
	'Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n' +
	'       ip [ -force ] -batch filename\n' +
	'where  OBJECT := { address | addrlabel | amt | fou | help | ila | ioam | l2tp |\n' +
	'                   link | macsec | maddress | monitor | mptcp | mroute | mrule |\n' +
	'                   neighbor | neighbour | netconf | netns | nexthop | ntable |\n' +
	'                   ntbl | route | rule | sr | tap | tcpmetrics |\n' +
	'                   token | tunnel | tuntap | vrf | xfrm }\n' +
	'       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -r[esolve] |\n' +
	'                    -h[uman-readable] | -iec | -j[son] | -p[retty] |\n' +
	'                    -f[amily] { inet | inet6 | mpls | bridge | link } |\n' +
	'                    -4 | -6 | -M | -B | -0 |\n' +
	'                    -l[oops] { maximum-addr-flush-attempts } | -br[ief] |\n' +
	'                    -o[neline] | -t[imestamp] | -ts[hort] | -b[atch] [filename] |\n' +
	'                    -rc[vbuf] [size] | -n[etns] name | -N[umeric] | -a[ll] |\n' +
	'                    -c[olor]}\n';

/** Default settings of ip and bridge. */
export function new_settings(tool: string): settings {
	return {
		family: AF_UNSPEC,
		details: 0,
		stats: 0,
		oneline: false,
		brief: false,
		json: false,
		pretty: false,
		numeric: false,
		force: false,
		all: false,
		timestamp: false,
		compress_vlans: false,
		tool,
	};
}

function* do_object(p: process, s: settings, argv: readonly string[]): Task<number> {
	const word = argv[0];
	const found = objects.find(([name]) => matches(word, name));
	if (found === undefined) {
		if (matches(word, 'help')) throw new exit_error(USAGE, EXIT_MINUS_1);
		throw new exit_error(`Object "${word}" is unknown, try "ip help".\n`, 1);
	}
	const [, run] = found;
	if (run === null) throw new exit_error(`simns: unsupported: ip ${argv.join(' ')}\n`, 1);
	const c = new command(p, s, argv.slice(1));
	try {
		const r = run(c);
		return typeof r === 'number' ? r : yield* r;
	} finally {
		/* what was printed before an error is printed all the same */
		const text = c.o.result();
		if (!c.s.json || c.listing || !text.startsWith('[]')) p.print(text);
	}
}

function* batch(p: process, s: settings, file: string): Task<number> {
	let text: string;
	if (file === '-') text = yield* p.read_text(p.stdin);
	else {
		const f = p.world.open(p, file, 'r');
		if (typeof f === 'number')
			throw new exit_error(
				`Cannot open file "${file}" for reading: ${strerror(f)}\n`,
				1,
			);
		text = yield* p.read_text(f);
		f.close();
	}
	let ret = 0;
	const lines = text.replaceAll('\\\n', ' ').split('\n');
	for (const [n, line] of lines.entries()) {
		const argv = split_line(line);
		if (argv.length === 0) continue;
		const home = p.netns;
		const home_vrf = p.vrf;
		const code = yield* guarded(p, do_object(p, { ...s }, argv));
		if (p.netns !== home) p.world.setns(p, home);
		p.vrf = home_vrf;
		if (code !== 0) {
			p.eprint(`Command failed ${file}:${n + 1}\n`);
			ret = 1;
			if (!s.force) break;
		}
	}
	return ret;
}

/** Words of a line of a batch file. */
export function split_line(line: string): string[] {
	const out: string[] = [];
	for (const m of line.replace(/#.*$/, '').matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g))
		out.push(m[1] ?? m[2] ?? m[3] ?? '');
	return out;
}

/** Runs a task and turns an exit_error into message and code. */
export function* guarded(p: process, task: Task<number>): Task<number> {
	try {
		return yield* task;
	} catch (e) {
		if (!(e instanceof exit_error)) throw e;
		p.eprint(e.message);
		return e.code;
	}
}

const families = new Map<string, number>([
	['inet', AF_INET],
	['inet6', AF_INET6],
	['link', AF_UNSPEC],
	['bridge', AF_BRIDGE],
]);

function* main(p: process, argv: string[]): Task<number> {
	const s = new_settings('ip');
	let batch_file: string | null = null;
	let i = 1;
	const value = (): string => {
		if (++i >= argv.length) throw new exit_error(USAGE, EXIT_MINUS_1);
		return argv[i];
	};
	for (; i < argv.length; i++) {
		let opt = argv[i];
		if (opt === '--') {
			i++;
			break;
		}
		if (!opt.startsWith('-')) break;
		if (opt.startsWith('--')) opt = opt.slice(1);
		if (matches(opt, '-loops')) value();
		else if (matches(opt, '-family')) {
			const arg = value();
			const f = families.get(arg);
			if (f === undefined) throw new exit_error(`Error: argument "${arg}" is wrong: invalid protocol family\n`, EXIT_MINUS_1);
			s.family = f;
		} else if (opt === '-4') s.family = AF_INET;
		else if (opt === '-6') s.family = AF_INET6;
		else if (opt === '-0') s.family = AF_UNSPEC;
		else if (opt === '-B') s.family = AF_BRIDGE;
		else if (matches(opt, '-human') || matches(opt, '-human-readable') || matches(opt, '-iec')) {
			/* numbers are printed as they are */
		} else if (matches(opt, '-stats') || matches(opt, '-statistics')) s.stats++;
		else if (matches(opt, '-details')) s.details++;
		else if (matches(opt, '-resolve')) {
			/* there are no names to resolve to */
		} else if (matches(opt, '-oneline')) s.oneline = true;
		else if (matches(opt, '-timestamp') || matches(opt, '-tshort')) s.timestamp = true;
		else if (matches(opt, '-Version')) {
			p.print('ip utility, iproute2-6.1.0, libbpf 1.1.2\n');
			return 0;
		} else if (matches(opt, '-force')) s.force = true;
		else if (matches(opt, '-batch')) batch_file = value();
		else if (matches(opt, '-brief')) s.brief = true;
		else if (matches(opt, '-json')) s.json = true;
		else if (matches(opt, '-rcvbuf')) value();
		else if (matches(opt, '-color') || opt.startsWith('-color=')) {
			/* no colours */
		} else if (matches(opt, '-help')) throw new exit_error(USAGE, EXIT_MINUS_1);
		else if (matches(opt, '-netns')) {
			const name = value();
			const net = p.world.netns.get(name);
			if (net === undefined)
				throw new exit_error(
					`Cannot open network namespace "${name}": ${strerror(ENOENT)}\n`,
					EXIT_MINUS_1,
				);
			p.world.setns(p, net);
		} else if (matches(opt, '-Numeric')) s.numeric = true;
		else if (matches(opt, '-all')) s.all = true;
		else if (matches(opt, '-pretty')) s.pretty = true;
		else
			throw new exit_error(
				`Option "${argv[i]}" is unknown, try "ip -help".\n`,
				EXIT_MINUS_1,
			);
	}
	if (batch_file !== null) return yield* batch(p, s, batch_file);
	if (i >= argv.length) throw new exit_error(USAGE, EXIT_MINUS_1);
	return yield* do_object(p, s, argv.slice(i));
}

/** The program. */
export function* ip(p: process, argv: string[]): Task<number> {
	return yield* guarded(p, main(p, argv));
}
