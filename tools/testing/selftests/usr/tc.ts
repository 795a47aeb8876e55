// SPDX-License-Identifier: GPL-2.0-only
/*
 * tc of iproute2 6.1, which knows its own name and no more: there are no queueing disciplines, classifiers
 * or actions in this port, and every command about them is refused.
 */
import { ENOENT } from '../../../../include/uapi/linux/errno.ts';
import type { process, Task } from '../lib/process.ts';
import { strerror } from '../lib/strerror.ts';
import { matches } from './ip/utils.ts';

const USAGE =
	'Usage:\ttc [ OPTIONS ] OBJECT { COMMAND | help }\n' +
	'\ttc [-force] -batch filename\n' +
	'where  OBJECT := { qdisc | class | filter | chain |\n' +
	'\t\t    action | monitor | exec }\n' +
	'       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -r[aw] |\n' +
	'\t\t    -o[neline] | -j[son] | -p[retty] | -c[olor]\n' +
	'\t\t    -b[atch] [filename] | -n[etns] name | -N[umeric] |\n' +
	'\t\t     -nm | -nam[es] | { -cf | -conf } path\n' +
	'\t\t     -br[ief] }\n';

const objects = ['qdisc', 'class', 'filter', 'chain', 'actions', 'monitor', 'exec'];
const flags = [
	'-statistics',
	'-stats',
	'-details',
	'-raw',
	'-pretty',
	'-graph',
	'-iec',
	'-help',
	'-force',
	'-names',
	'-nm',
	'-timestamp',
	'-tshort',
	'-oneline',
	'-json',
	'-color',
	'-Numeric',
	'-brief',
];

/** The program. */
export function* tc(p: process, argv: string[]): Task<number> {
	yield* p.sleep(0);
	let i = 1;
	for (; i < argv.length && argv[i].startsWith('-'); i++) {
		const opt = argv[i].startsWith('--') ? argv[i].slice(1) : argv[i];
		if (matches(opt, '-Version')) {
			p.print('tc utility, iproute2-6.1.0, libbpf 1.1.2\n');
			return 0;
		}
		if (opt === '-h' || matches(opt, '-help')) {
			p.eprint(USAGE);
			return 0;
		}
		if (matches(opt, '-netns') && opt.length > 1) {
			const name = argv[++i] ?? '';
			if (!p.world.netns.has(name)) {
				p.eprint(`Cannot open network namespace "${name}": ${strerror(ENOENT)}\n`);
				return 255;
			}
			continue;
		}
		if (matches(opt, '-batch') || opt === '-cf' || opt === '-conf') {
			p.eprint(`simns: unsupported: ${argv.join(' ')}\n`);
			return 1;
		}
		if (!flags.some((f) => matches(opt, f))) {
			p.eprint(`Option "${opt}" is unknown, try "tc -help".\n`);
			return 255;
		}
	}
	const word = argv[i];
	if (word === undefined || word === 'help') {
		p.eprint(USAGE);
		return 0;
	}
	if (!objects.some((o) => matches(word, o))) {
		p.eprint(`Object "${word}" is unknown, try "tc help".\n`);
		return 255;
	}
	p.eprint(`simns: unsupported: ${argv.join(' ')}\n`);
	return 2;
}
