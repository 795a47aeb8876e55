// SPDX-License-Identifier: GPL-2.0-only
// How long things take, and how that is said: rounds that take turns, medians, spread.

import { readFileSync } from 'node:fs';

/** What a figure is held against. */
export interface Bar {
	op: '>=' | '<=';
	value: number;
}

/** One figure of a benchmark. */
export interface Figure {
	name: string;
	unit: string;
	/** Median of the rounds. */
	value: number;
	/** Every round, in order. */
	rounds: number[];
	/** Whether more of it is better. */
	more: boolean;
	bar?: Bar;
}

/** What a benchmark answers. */
export interface Result {
	name: string;
	figures: Figure[];
	/** What could not be measured and why, and what else there is to say. */
	notes: string[];
}

/** How a benchmark is run. */
export interface Settings {
	/** Everything once and small: does it still work? */
	smoke: boolean;
	/** Path of the kernel's nft_flowtable.sh, or null. */
	script: string | null;
	/** Says what is going on. */
	progress: (text: string) => void;
}

/** A benchmark: its name, what it measures, and itself. */
export interface Bench {
	name: string;
	what: string;
	run: (s: Settings) => Result;
}

/** Where the kernel says how long this thread has run. */
const SCHEDSTAT = '/proc/thread-self/schedstat';

function schedstat(): number {
	return Number(readFileSync(SCHEDSTAT, 'latin1').split(' ', 1)[0]);
}

function readable(): boolean {
	try {
		return schedstat() > 0;
	} catch {
		return false;
	}
}

const threadTime = readable();

/** What the clock of this file counts. */
export const CLOCK = threadTime ? 'CPU time of the one thread' : 'wall-clock time';

/** Nanoseconds of the thread's time, where the system tells them, or of the wall clock. */
export function now(): number {
	return threadTime ? schedstat() : Number(process.hrtime.bigint());
}

/** Seconds that a function takes. */
export function seconds(fn: () => void): number {
	const began = now();
	fn();
	return (now() - began) / 1e9;
}

/** Seconds of the wall clock that a function takes. */
export function wallSeconds(fn: () => void): number {
	const began = process.hrtime.bigint();
	fn();
	return Number(process.hrtime.bigint() - began) / 1e9;
}

/** The middle one; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
	if (values.length === 0) return NaN;
	const sorted = values.slice().sort((a, b) => a - b);
	const half = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** A figure from its rounds. */
export function figure(
	name: string,
	unit: string,
	rounds: number[],
	more: boolean,
	bar?: Bar,
): Figure {
	const f: Figure = { name, unit, value: median(rounds), rounds, more };
	if (bar !== undefined) f.bar = bar;
	return f;
}

/** The ratio of two series of rounds, round by round. */
export function ratio(name: string, a: readonly number[], b: readonly number[], bar?: Bar): Figure {
	return figure(
		name,
		'x',
		a.map((v, i) => v / b[i]),
		true,
		bar,
	);
}

/** Whether a figure reaches its bar; null without one. */
export function met(f: Figure): boolean | null {
	if (f.bar === undefined || Number.isNaN(f.value)) return null;
	return f.bar.op === '>=' ? f.value >= f.bar.value : f.value <= f.bar.value;
}

/** Something that does work in pieces. */
export interface Contender {
	name: string;
	/** Does about `n` units of work; answers how many it did. */
	work: (n: number) => number;
}

/**
 * Lets contenders take turns, so that all of them see the same machine.
 * @param units of work a turn, before it is fitted to the time wanted
 * @param turn seconds a turn
 * @returns units a second, by contender and round
 */
export function takeTurns(
	contenders: readonly Contender[],
	rounds: number,
	turn: number,
	units: number,
	progress: (text: string) => void,
): number[][] {
	const sizes = contenders.map((c) => {
		/* what runs first is not compiled yet */
		progress(`${c.name}: warm-up`);
		let n = units;
		for (;;) {
			const took = seconds(() => void c.work(n));
			if (took >= turn || turn === 0) break;
			n = Math.ceil(
				n * Math.min(4, Math.max(1.5, turn / Math.max(took, turn / 8))),
			);
		}
		return n;
	});
	const rates: number[][] = contenders.map(() => []);
	for (let round = 0; round < rounds; round++)
		for (const [i, c] of contenders.entries()) {
			progress(`${c.name}: round ${round + 1} of ${rounds}`);
			let done = 0;
			const took = seconds(() => {
				done = c.work(sizes[i]);
			});
			rates[i].push(done / took);
		}
	return rates;
}

/** Collects garbage, when the collector may be called. */
export function collect(): void {
	for (let i = 0; i < 3; i++) globalThis.gc?.();
}

/** Bytes in use, on the heap and outside of it. */
export function bytesInUse(): number {
	collect();
	const m = process.memoryUsage();
	return m.heapUsed + m.external;
}
