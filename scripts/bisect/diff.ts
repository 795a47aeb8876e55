// SPDX-License-Identifier: GPL-2.0-only
// The calls that a packet makes at two states, side by side.

import process from 'node:process';
import { experiments } from '../../tools/testing/selftests/netfilter/review/all.ts';
import { builder } from './build.ts';
import type { call } from './calls.ts';
import { instrument } from './instrument.ts';
import { run, SeriesError, type state, withExtension } from './series.ts';
import type { traced } from './tracer.ts';

interface trace {
	shows: string;
	topology: string;
	packets: traced[];
}

/** What takes a packet off the backlog: with it the router has the packet. */
const RECEIVED = 'process_backlog';
/** Captures are the bench's. */
const CAPTURE = new Set(['dev_queue_xmit_nit', 'deliver_taps']);

/** Calls from where the packet comes off its first wire until nothing moves any more. */
function inRouter(calls: readonly call[]): call[] {
	const out: call[] = [];
	let received = false;
	let hidden = Infinity;
	for (const [depth, name] of calls) {
		if (depth === 0) received = name === RECEIVED;
		if (depth <= hidden) hidden = CAPTURE.has(name) ? depth : Infinity;
		if (received && hidden === Infinity) out.push([depth, name]);
	}
	return out;
}

function lineOf([depth, name]: call): string {
	return `${'  '.repeat(depth)}${name}`;
}

/** A line of the comparison: what both have, or one of them alone. */
export type pair = readonly [left: string | null, right: string | null];

/** Longest common subsequence of two lists of lines, as pairs. */
export function align(a: readonly string[], b: readonly string[]): pair[] {
	const width = b.length + 1;
	const best = new Uint32Array((a.length + 1) * width);
	for (let i = a.length - 1; i >= 0; i--)
		for (let k = b.length - 1; k >= 0; k--)
			best[i * width + k] =
				a[i] === b[k]
					? best[(i + 1) * width + k + 1] + 1
					: Math.max(
							best[(i + 1) * width + k],
							best[i * width + k + 1],
						);
	const out: pair[] = [];
	let i = 0;
	let k = 0;
	while (i < a.length || k < b.length)
		if (i < a.length && k < b.length && a[i] === b[k]) out.push([a[i++], b[k++]]);
		else if (
			k >= b.length ||
			(i < a.length && best[(i + 1) * width + k] >= best[i * width + k + 1])
		)
			out.push([a[i++], null]);
		else out.push([null, b[k++]]);
	return out;
}

/** Scenario as it is spelled in the catalogue. */
function spelled(name: string): string | null {
	if (name === 'bridge' || name === 'vlan') return name;
	const m = /^([si])0*(\d+)$/i.exec(name);
	if (m === null) return null;
	const id = m[1].toUpperCase() === 'S' ? `S${m[2].padStart(2, '0')}` : `I${m[2]}`;
	return experiments.some((e) => e.id === id && e.run !== undefined) ? id : null;
}

async function traceOf(
	b: builder,
	root: string,
	s: state,
	n: number,
	scenario: string,
): Promise<trace> {
	let program: string;
	try {
		program = await b.buildTracer(s, instrument(root));
	} catch (e) {
		throw new SeriesError(`state ${n} cannot be built: ${(e as Error).message}`);
	}
	const r = await run(process.execPath, [program, scenario]);
	if (r.rc !== 0)
		throw new SeriesError(`state ${n}, ${scenario}: ${r.err.trim().slice(-2000)}`);
	return JSON.parse(r.out) as trace;
}

/**
 * Compares the calls of a packet.
 * @param wanted - which packet, from 1, or null for the last whose calls differ
 * @returns lines to print; a text when scenario or packet do not exist
 */
export async function diffStates(
	root: string,
	states: readonly state[],
	from: number,
	to: number,
	scenario: string,
	wanted: number | null,
): Promise<string[] | string> {
	const name = spelled(scenario);
	if (name === null) return `no scenario ${scenario}: bridge, vlan, S01 to S31, I1 to I16`;
	const b = new builder(root);
	const [left, right] = await Promise.all(
		[from, to].map((n) => traceOf(b, root, withExtension(states, n), n, name)),
	);
	b.prune();
	const count = Math.max(left.packets.length, right.packets.length);
	const calls = (t: trace, i: number): string[] =>
		i < t.packets.length ? inRouter(t.packets[i].calls).map(lineOf) : [];
	const same = (i: number): boolean =>
		calls(left, i).join('\n') === calls(right, i).join('\n');
	const out = [`${name}: ${left.shows}`, `topology: ${left.topology}`, ''];
	const width = Math.max(5, ...left.packets.map((p) => p.text.length));
	out.push(`packet ${'title'.padEnd(44)}   ${`at ${from}/9`.padEnd(width)}   at ${to}/9`);
	let chosen = wanted;
	for (let i = 0; i < count; i++) {
		const [l, r] = [left.packets.at(i), right.packets.at(i)];
		const differ = !same(i);
		if (differ && wanted === null) chosen = i + 1;
		const title = (l ?? r)!.title.slice(0, 44).padEnd(44);
		out.push(
			`${String(i + 1).padStart(6)} ${title} ${differ ? '*' : ' '} ${(l?.text ?? '').padEnd(width)}   ${r?.text ?? ''}`.trimEnd(),
		);
	}
	if (wanted !== null && wanted > count) return `no packet ${wanted}: there are ${count}`;
	out.push('');
	if (chosen === null) {
		out.push('every packet makes the same calls');
		return out;
	}
	const pairs = align(calls(left, chosen - 1), calls(right, chosen - 1));
	const w = Math.max(20, ...pairs.map(([l]) => l?.length ?? 0));
	out.push(`packet ${chosen}: calls from its arrival in the router on`);
	out.push(`${`at ${from}/9`.padEnd(w)}     at ${to}/9`);
	for (const [l, r] of pairs) {
		const mark = l === null ? ' +' : r === null ? '- ' : '  ';
		out.push(`${(l ?? '').padEnd(w)} ${mark}  ${r ?? ''}`.trimEnd());
	}
	const n = pairs.filter(([l, r]) => l === null || r === null).length;
	out.push('', n === 0 ? 'the same calls' : `${pairs.length - n} calls in both, ${n} in one`);
	return out;
}
