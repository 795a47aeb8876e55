// SPDX-License-Identifier: GPL-2.0-only
/*
 * Differences that are known, each with its reason: v5.10 with the v3 patches against the kernel that is booted,
 * and what time and chance decide on any machine.
 */
import type { difference, place } from './compare.ts';

/** A row. All that it names must hold. */
export interface expectation {
	where: place;
	/** Searched in `AT WHAT`, and for output in both lines. */
	pattern: RegExp;
	/** Both sides have it, in different number. */
	both?: boolean;
	/** Numbers of both sides are that close: the larger is at most so many times the smaller, or 10 more. */
	factor?: number;
	/** First kernel it holds for, as [5, 13]. */
	since?: readonly [number, number];
	/** Name of the script. */
	script?: RegExp;
	reason: string;
}

export const expectations: readonly expectation[] = [
	/* any kernel: time */
	{
		where: 'frames',
		pattern: / ICMP6 (?:13[0-6]|143)\/0 /,
		reason: 'neighbour discovery, router solicitations and group reports: when they come, and so how many before the end, is chance',
	},
	{
		where: 'frames',
		pattern: / ARP /,
		both: true,
		reason: 'how often a neighbour is asked for again: its life time is chance',
	},
	{
		where: 'summary',
		pattern: / (?:kernel|secs|\w+_secs|\w+_span|dmesg_warn|move_t|\w*after_t|garp_t)$/,
		reason: 'names of kernels and readings of clocks',
	},
	{
		where: 'counter',
		pattern: /^(?!.*\b(?:udp|icmp|icmpv6)\b)/,
		factor: 1.25,
		reason: 'how a TCP stream is cut into segments, and how many ACKs it takes',
	},
	{
		where: 'summary',
		pattern: /tcp|in_/,
		factor: 1.25,
		reason: 'how a TCP stream is cut into segments, and how many ACKs it takes',
	},
];

/** `6.1.0-56-amd64` as [6, 1]; null when it is no release. */
export function version_of(release: string): readonly [number, number] | null {
	const m = /^(\d+)\.(\d+)/.exec(release);
	return m === null ? null : [Number(m[1]), Number(m[2])];
}

function close(a: string | null, b: string | null, factor: number): boolean {
	const numbers = (t: string | null): number[] => (t ?? '').match(/\d+/g)?.map(Number) ?? [];
	const [x, y] = [numbers(a), numbers(b)];
	const bare = (t: string | null): string => (t ?? '').replaceAll(/\d+/g, 'N');
	if (x.length === 0 || x.length !== y.length || bare(a) !== bare(b)) return false;
	return x.every((n, i) => {
		const [low, high] = [Math.min(n, y[i]), Math.max(n, y[i])];
		return high <= low * factor || high - low <= 10;
	});
}

/**
 * Looks a difference up.
 * @param release of the real kernel
 * @param script its name
 * @returns the reason, or null when it is not expected
 */
export function expected(
	d: difference,
	release: string,
	script: string,
	table: readonly expectation[] = expectations,
): string | null {
	const version = version_of(release);
	for (const e of table) {
		if (e.where !== d.where) continue;
		if (e.where === 'output') {
			const lines = [d.simulator, d.kernel].filter((l) => l !== null);
			if (!lines.every((l) => e.pattern.test(l))) continue;
		} else if (!e.pattern.test(`${d.at} ${d.what}`)) continue;
		if (e.both === true && (d.simulator === null || d.kernel === null)) continue;
		if (e.factor !== undefined && !close(d.simulator, d.kernel, e.factor)) continue;
		if (e.script !== undefined && !e.script.test(script)) continue;
		if (e.since !== undefined) {
			if (version === null) continue;
			const [a, b] = e.since;
			if (version[0] < a || (version[0] === a && version[1] < b)) continue;
		}
		return e.reason;
	}
	return null;
}
