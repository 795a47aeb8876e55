// SPDX-License-Identifier: GPL-2.0-only
/*
 * flowtable: why a connection is offloaded or not. Ours; no such program exists outside.
 *   flowtable why [-p PROTO] [-s ADDR] [-d ADDR] [--sport N] [--dport N]
 *   flowtable watch on|off
 */
import { pton4, pton6 } from '../lib/address.ts';
import type { process, Task } from '../lib/process.ts';
import { type connection_filter, offload_watched, watch_offload, why } from '../lib/why.ts';
import { getopt } from './getopt.ts';

const USAGE = `Usage: flowtable why [filter]
       flowtable watch on|off
filter, by the original direction of a connection:
  -p, --proto PROTO   tcp, udp, icmp, or a number
  -s, --src ADDRESS
  -d, --dst ADDRESS
  --sport, --orig-port-src PORT
  --dport, --orig-port-dst PORT
`;

const PROTO = new Map([
	['icmp', 1],
	['tcp', 6],
	['udp', 17],
	['icmpv6', 58],
]);

const LONG = {
	proto: true,
	src: true,
	dst: true,
	sport: true,
	dport: true,
	'orig-port-src': true,
	'orig-port-dst': true,
	help: false,
};

function number_below(text: string, limit: number): number | null {
	return /^\d+$/.test(text) && Number(text) < limit ? Number(text) : null;
}

/** Reads one option into the filter; answers what is wrong with it, or null. */
function put(f: connection_filter, name: string, value: string): string | null {
	switch (name) {
		case 'p':
		case 'proto': {
			const n = PROTO.get(value) ?? number_below(value, 256);
			if (n === null) return `unknown protocol '${value}'`;
			f.proto = n;
			return null;
		}
		case 's':
		case 'src':
		case 'd':
		case 'dst':
			if (pton4(value) === null && pton6(value) === null) return `invalid address '${value}'`;
			if (name.startsWith('s')) f.src = value;
			else f.dst = value;
			return null;
		default: {
			const n = number_below(value, 65536);
			if (n === null) return `invalid port '${value}'`;
			if (name === 'sport' || name === 'orig-port-src') f.sport = n;
			else f.dport = n;
			return null;
		}
	}
}

/** The program. */
export function* flowtable(p: process, argv: string[]): Task<number> {
	const { options, operands, error } = getopt(argv.slice(1), 'p:s:d:h', LONG);
	const wrong = (text: string): number => {
		p.eprint(`flowtable: ${text}\n${USAGE}`);
		return 2;
	};
	if (error !== null) return wrong(error);
	const f: connection_filter = {};
	for (const { name, value } of options) {
		if (name === 'h' || name === 'help') {
			p.print(USAGE);
			return 0;
		}
		const bad = put(f, name, value);
		if (bad !== null) return wrong(bad);
	}
	const { machine } = p.netns;
	switch (operands.join(' ')) {
		case 'why': {
			const lines = why(p.netns, f);
			if (lines.length > 0) p.print(`${lines.join('\n')}\n`);
			return 0;
		}
		case 'watch on':
			watch_offload(machine, true);
			return 0;
		case 'watch off':
			watch_offload(machine, false);
			return 0;
		case 'watch':
			p.print(`${offload_watched(machine) ? 'on' : 'off'}\n`);
			return 0;
		default:
			return wrong(operands.length === 0 ? 'no command' : `unknown command '${operands.join(' ')}'`);
	}
}
