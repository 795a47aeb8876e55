// SPDX-License-Identifier: GPL-2.0-only
/* Types of grammar.js, which peggy writes from grammar.peggy. */

import type { lexer } from './lexer.ts';
import type { builder } from './parser.ts';

/** Parses a whole input; what it finds goes to the builder. Throws if the input cannot be recovered. */
export function parse(
	input: string,
	options: { lexer: lexer; build: builder; grammarSource?: string },
): unknown;
