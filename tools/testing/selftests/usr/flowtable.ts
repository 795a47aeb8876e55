// SPDX-License-Identifier: GPL-2.0-only
/*
 * flowtable: why a connection is offloaded or not, and whether a table's flows end with what they depend on. Ours;
 * no such program exists outside.
 *   flowtable why [-p PROTO] [-s ADDR] [-d ADDR] [--sport N] [--dport N]
 *   flowtable watch on|off
 *   flowtable invalidate [FAMILY TABLE NAME [on|off|stats]]
 */
import { nf_flow_inval_causes } from '../../../../include/net/netfilter/nf_flow_table_invalidate.ts';
import type { nft_flowtable } from '../../../../include/net/netfilter/nf_tables.ts';
import type { net } from '../../../../include/net/net_namespace.ts';
import {
	NFPROTO_INET,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
} from '../../../../include/uapi/linux/netfilter.ts';
import { nf_flow_table_invalidate_set } from '../../../../net/netfilter/nf_flow_table_invalidate.ts';
import { pton4, pton6 } from '../lib/address.ts';
import type { process, Task } from '../lib/process.ts';
import { type connection_filter, offload_watched, watch_offload, why } from '../lib/why.ts';
import { getopt } from './getopt.ts';

const USAGE = `Usage: flowtable why [filter]
       flowtable watch on|off
       flowtable invalidate [FAMILY TABLE NAME [on|off|stats]]
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

const FAMILY = new Map([
	['ip', NFPROTO_IPV4],
	['ip6', NFPROTO_IPV6],
	['inet', NFPROTO_INET],
]);

/** Every flowtable of a namespace with its name as nft spells it. */
function flowtables_of(net: net): { name: string; ft: nft_flowtable }[] {
	return net.nft.tables.flatMap((t) => {
		const family = [...FAMILY].find(([, n]) => n === t.family)?.[0] ?? String(t.family);
		return t.flowtables.map((ft) => ({ name: `${family} ${t.name} ${ft.name}`, ft }));
	});
}

/** Ended flows by cause, and what else was counted. */
function stats_text(ft: nft_flowtable): string {
	const inv = ft.data.invalidate;
	if (inv === null) return 'off\n';
	const lines = nf_flow_inval_causes.map((c, i) => [c, inv.ended[i]] as const);
	const all = [
		...lines.filter(([, n]) => n > 0),
		['ended', inv.ended.reduce((a, n) => a + n, 0)] as const,
		['touched', inv.touched] as const,
		['routes-confirmed', inv.confirmed] as const,
		['paths-refused', inv.refused] as const,
		['damped', inv.damped] as const,
	];
	return all.map(([name, n]) => `${name} ${n}\n`).join('');
}

/** `flowtable invalidate`; answers what is wrong, or null. */
function invalidate(p: process, args: readonly string[]): string | null {
	const all = flowtables_of(p.netns);
	if (args.length === 0) {
		for (const { name, ft } of all) p.print(`${name}: ${ft.data.invalidate === null ? 'off' : 'on'}\n`);
		return null;
	}
	if (args.length < 3 || args.length > 4) return 'invalidate wants FAMILY TABLE NAME';
	const name = args.slice(0, 3).join(' ');
	const ft = all.find((x) => x.name === name)?.ft;
	if (ft === undefined) return `no flowtable ${name}`;
	switch (args[3]) {
		case undefined:
			p.print(`${ft.data.invalidate === null ? 'off' : 'on'}\n`);
			return null;
		case 'stats':
			p.print(stats_text(ft));
			return null;
		case 'on':
		case 'off':
			nf_flow_table_invalidate_set(ft.data, args[3] === 'on');
			return null;
		default:
			return `unknown word '${args[3]}'`;
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
	if (operands[0] === 'invalidate') {
		const bad = invalidate(p, operands.slice(1));
		return bad === null ? 0 : wrong(bad);
	}
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
