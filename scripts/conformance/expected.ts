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
	/** The simulator has nothing. */
	only_kernel?: boolean;
	/** Numbers of both sides are that close: the larger is at most so many times the smaller, */
	factor?: number;
	/** or so much more (of counters: bytes, and packets are left aside). */
	slack?: number;
	/** The texts are the same without this, */
	same_but?: RegExp;
	/** and with these folded. */
	numbers?: RegExp;
	/** First kernel it holds for, as [5, 13]. */
	since?: readonly [number, number];
	/** Name of the script. */
	script?: RegExp;
	reason: string;
}

export const expectations: readonly expectation[] = [
	/* any kernel: time and chance */
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
		where: 'frames',
		pattern: / > (?!ff:ff)\S+ (?:[cs]\d+ )*ARP request /,
		reason: 'whether a neighbour is asked for again before the end: its life time is chance',
	},
	{
		where: 'frames',
		pattern: / ARP reply /,
		reason: 'whether a neighbour is asked for again before the end: its life time is chance',
	},
	{
		where: 'frames',
		pattern: / ICMP6? (?:3\/4|2\/0) /,
		both: true,
		factor: 2,
		slack: 20,
		reason: 'how many segments were on their way when the path turned out to be narrower',
	},
	{
		where: 'frames',
		pattern: / ICMP 8\/0 | ICMP 0\/0 | ICMP6 12[89]\/0 /,
		both: true,
		factor: 1,
		slack: 1,
		reason: 'a ping that a deadline ends sends one more or less',
	},
	{
		where: 'output',
		pattern: /^>> \S+ [\d.]+$/,
		reason: 'names of kernels and readings of clocks',
	},
	{
		where: 'summary',
		pattern: / (?:kernel|secs|\w+_secs|\w+_span|dmesg_warn|move_t|\w*after_t|garp_t)$/,
		reason: 'names of kernels and readings of clocks',
	},
	{
		where: 'counter',
		pattern: /^(?!.*\b(?:\w*udp\w*|\w*icmp\w*)\b)/,
		factor: 1.5,
		slack: 4000,
		reason: 'how a TCP stream is cut into segments, and how many ACKs it takes',
	},
	{
		where: 'summary',
		pattern: /tcp|in_/,
		factor: 1.5,
		slack: 60,
		reason: 'how a TCP stream is cut into segments, and how many ACKs it takes',
	},
	{
		where: 'summary',
		pattern: / (?:ttl|frames)_\S+$/,
		factor: 1.5,
		slack: 60,
		reason: 'how a TCP stream is cut into segments, and how many ACKs it takes',
	},

	{
		where: 'summary',
		pattern: /-flow\/summary\.txt (?:\w+_)?(?:(?:pre|fwd|post)_tcp(?:_[or])?|frames_br\d)$/,
		factor: 2.5,
		slack: 150,
		reason: 'of a short transfer in both directions what comes after the first FIN takes the slow path: how much is chance',
	},
	{
		where: 'summary',
		pattern: /\/dmesg-warn\.txt the file$/,
		reason: 'names of kernels and readings of clocks',
	},

	/* what is not ported */
	{
		where: 'frames',
		pattern: / > 224\.0\.0\.22 proto 2 /,
		reason: 'a bridge joins the group of snooping switches by IGMP, which the port does not speak as a host (ip_mc_inc_group)',
	},
	{
		where: 'summary',
		pattern: / ttl_\S+$/,
		same_but: /\b1:\d+,|,1:\d+\b/g,
		factor: 1.5,
		slack: 60,
		reason: 'a bridge joins the group of snooping switches by IGMP, which the port does not speak as a host (ip_mc_inc_group)',
	},

	/* how Debian's kernel is configured */
	{
		where: 'summary',
		pattern: /_ct$|^\S+ idle|^\S+ resumed|^\S+ ct_/,
		same_but: / zone=0/g,
		numbers: /\b(?:packets|bytes|sport|dport)=\d+|\btcp 6 \d+|\buse=\d+/g,
		reason: 'CONFIG_NF_CONNTRACK_ZONES prints a zone; ports are chance, packets of a TCP stream too',
	},

	/* the kernel after v5.10 with v3 0/9 */
	{
		where: 'frames',
		pattern: / TCP ttl \d+ DF$/,
		only_kernel: true,
		since: [5, 17],
		reason: 'a SYN-ACK has DF and no IP id, whatever path MTU discovery is set to (970a5a3ea86d)',
	},
	{
		where: 'summary',
		pattern: /tcpe?_ct$|^\S+ ct_/,
		same_but: / zone=0| ?\[(?:ASSURED|OFFLOAD)\]|\btcp 6 (?:\d+ )?(?:[A-Z_]+ )?(?=src)/g,
		numbers: /\b(?:packets|bytes|sport|dport)=\d+|\buse=\d+/g,
		since: [5, 18],
		reason: 'an offloaded TCP connection keeps its state and ASSURED, and is torn down at the first FIN (e5eaac2beb54); with v3 it says OFFLOAD until the collector has run',
	},
	{
		where: 'counter',
		pattern: /flow|routed|fwd|pre_tcp|post_tcp/,
		factor: 1,
		slack: 600,
		since: [5, 19],
		reason: 'only an established TCP connection is offloaded, so its first ACK takes the slow path too; with v3 the SYN-ACK is the last',
	},
];

/** `6.1.0-56-amd64` as [6, 1]; null when it is no release. */
export function version_of(release: string): readonly [number, number] | null {
	const m = /^(\d+)\.(\d+)/.exec(release);
	return m === null ? null : [Number(m[1]), Number(m[2])];
}

function close(a: string, b: string, factor: number, slack: number): boolean {
	/* of a counter the bytes tell */
	const [p, q] = [a, b].map((t) => t.replace(/^packets \d+ bytes /, ''));
	const numbers = (t: string): number[] => t.match(/\d+/g)?.map(Number) ?? [];
	const [x, y] = [numbers(p), numbers(q)];
	const bare = (t: string): string => t.replaceAll(/\d+/g, 'N');
	if (x.length === 0 || bare(p) !== bare(q)) return false;
	return x.every((n, i) => {
		const [low, high] = [Math.min(n, y[i]), Math.max(n, y[i])];
		return high <= low * factor || high - low <= slack;
	});
}

/** What a row says about both values holds. */
function holds(e: expectation, a: string | null, b: string | null): boolean {
	const both = e.both === true || e.factor !== undefined || e.same_but !== undefined;
	if (both && (a === null || b === null)) return false;
	if (e.only_kernel === true && a !== null) return false;
	if (a === null || b === null) return true;
	let [x, y] = [a, b];
	if (e.same_but !== undefined) {
		[x, y] = [x, y].map((t) => t.replaceAll(e.same_but!, '').replaceAll(/ +/g, ' '));
		if (e.numbers !== undefined)
			[x, y] = [x, y].map((t) =>
				t.replaceAll(e.numbers!, (all) => all.replaceAll(/\d+/g, 'N')),
			);
		if (e.factor === undefined) return x === y;
	}
	return e.factor === undefined || close(x, y, e.factor, e.slack ?? 0);
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
		if (!holds(e, d.simulator, d.kernel)) continue;
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
