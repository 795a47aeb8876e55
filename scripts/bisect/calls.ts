// SPDX-License-Identifier: GPL-2.0-only
// Takes down which functions are called, while somebody listens. Only tracers have calls of it (instrument.ts).

/** A call: how deep, and what. */
export type call = readonly [depth: number, name: string];

const now: { list: call[] | null; depth: number } = { list: null, depth: 0 };

/** A function begins. */
export function enter(name: string): void {
	if (now.list !== null) now.list.push([now.depth, name]);
	now.depth++;
}

/** A function ends. */
export function leave(): void {
	now.depth--;
}

/** Takes down what is called while something is done. */
export function during<T>(what: () => T): { result: T; calls: call[] } {
	const calls: call[] = [];
	now.list = calls;
	now.depth = 0;
	try {
		return { result: what(), calls };
	} finally {
		now.list = null;
	}
}
