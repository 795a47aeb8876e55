// SPDX-License-Identifier: GPL-2.0-only
/*
 * For programs that run a few seconds, imported before anything else: a baseline compiler first, and an optimising
 * one that inlines less, because most of what it makes of a whole network stack would be used for a second or two.
 * What was parsed is kept: it is called again, or goes into the bytecode that scripts/prime.mjs leaves.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--sparkplug');
setFlagsFromString('--no-flush-bytecode');
setFlagsFromString('--max-inlined-bytecode-size-cumulative=200');
