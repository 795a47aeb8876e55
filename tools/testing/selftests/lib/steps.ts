// SPDX-License-Identifier: GPL-2.0-only
/*
 * Something else between two statements: code that a test has instrumented says step() before each of its
 * statements, and whoever plays the scheduler lets another processor run there.
 */

/** Who is called at each step; null when nobody is. */
export const steps: { on: ((place: string) => void) | null } = { on: null };

/** A step of instrumented code. */
export function step(place: string): void {
	steps.on?.(place);
}
