// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an experiment of the review is: a known bug or doubt of v3, made visible on packets.
 */
import type { bench } from './bench.ts';

/** Where something happens: a function of the port and, in it, the first line that has a text. */
export interface place {
	file: string;
	fn: string;
	/** Part of the line; the function's own line when empty. */
	at?: string;
}

/** What a real kernel with the nine patches did. */
export interface observation {
	text: string;
	/** Recording in netfilter/recordings that shows it; none when it was seen on that kernel only. */
	recording?: string;
	/** File of the recording and what stands in it. */
	evidence?: readonly (readonly [string, RegExp])[];
}

/** An experiment. */
export interface experiment {
	/** S01 to S31, I1 to I16. */
	id: string;
	/** One line of what it shows. */
	shows: string;
	/** The topology, drawn. */
	topology: string;
	/** v3 on the real kernel; null when nobody recorded it. */
	real: observation | null;
	/** What later kernels do. */
	later: string;
	/** Message ids, commits. */
	source: string;
	places: readonly place[];
	/** Stated in a mail or in source text, or read out of the code by us. */
	reading: 'stated' | 'inferred';
	/** What was wrong with the reading, and what shows it. */
	correction?: string;
	/** Why it, or a part of it, cannot be shown. */
	cannot?: string;
	/**
	 * Shows it; absent when it cannot be shown at all.
	 * @param b the bench
	 * @param again another bench for another half of the story
	 * @returns v3 on the port, in few words
	 */
	run?: (b: bench, again: () => bench) => string;
}
