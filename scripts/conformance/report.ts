// SPDX-License-Identifier: GPL-2.0-only
/*
 * Differences as text.
 */
import type { answer } from './answer.ts';
import type { comparison, difference, place } from './compare.ts';

const titles: Record<place, string> = {
	output: 'output',
	exit: 'exit code',
	summary: 'summary',
	counter: 'counters of nft',
	frames: 'frames',
};

/** Lines of one kind shown before the rest is only counted. */
const SHOWN = 40;

function lines_of(d: difference): string[] {
	if (d.where === 'output') {
		const out: string[] = [];
		if (d.simulator !== null) out.push(`  simulator| ${d.simulator}`);
		if (d.kernel !== null) out.push(`     kernel| ${d.kernel}`);
		return out;
	}
	const what = d.what === '' ? d.at : `${d.at}: ${d.what}`;
	return [
		`  ${what}`,
		`    simulator ${d.simulator ?? 'nothing'}, kernel ${d.kernel ?? 'nothing'}`,
	];
}

function side(a: answer): string {
	const lines = a.stdout.split('\n').length - 1;
	const lost = a.lost > 0 ? `, ${a.lost} lost to the capture` : '';
	return `  ${a.name.padEnd(9)} ${a.release}: exit code ${a.rc}, ${lines} lines, ${a.frames.length} frames${lost}`;
}

/**
 * A report of one script.
 * @param reason of an expected difference, null of another
 * @param all shows every expected one, else one of each reason
 */
export function report(
	script: string,
	s: answer,
	k: answer,
	c: comparison,
	reason: (d: difference) => string | null,
	all = false,
): { text: string; unexpected: number } {
	const out = [`conformance: ${script}`, side(s), side(k)];
	const known = new Map<string, difference[]>();
	const unknown = new Map<place, difference[]>();
	for (const d of c.differences) {
		const why = reason(d);
		if (why !== null) known.set(why, [...(known.get(why) ?? []), d]);
		else unknown.set(d.where, [...(unknown.get(d.where) ?? []), d]);
	}
	let unexpected = 0;
	for (const where of ['output', 'exit', 'summary', 'counter', 'frames'] as const) {
		const list = unknown.get(where) ?? [];
		if (list.length === 0) continue;
		unexpected += list.length;
		out.push(`DIFFERENT ${titles[where]}`);
		for (const d of list.slice(0, SHOWN)) out.push(...lines_of(d));
		if (list.length > SHOWN) out.push(`  and ${list.length - SHOWN} more`);
	}
	for (const [why, list] of known) {
		out.push(`expected: ${why}`);
		const shown = all ? list : list.slice(0, 1);
		for (const d of shown) out.push(...lines_of(d));
		if (list.length > shown.length)
			out.push(`  and ${list.length - shown.length} more`);
	}
	const total = c.differences.length;
	out.push(
		`${c.compared} compared, ${unexpected} different, ${total - unexpected} different as expected`,
	);
	return { text: `${out.join('\n')}\n`, unexpected };
}
