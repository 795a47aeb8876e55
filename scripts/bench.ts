// SPDX-License-Identifier: GPL-2.0-only
// How fast the port is: benchmarks over what `npm run build` has compiled.
//
//   npm run bench                           all of them: medians, spread, bars
//   npm run bench -- --only fastpath        one
//   npm run bench -- --json FILE            keep the figures
//   npm run bench -- --compare BASE.json    ratios against figures that were kept
//   npm run bench -- --smoke                each once and small, as CI does
//
// Exit code: 0, 1 a benchmark failed, 2 wrong usage. A figure never changes it.

import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { run } from './bench/main.ts';

process.exitCode = run(process.argv.slice(2), fileURLToPath(import.meta.url), {
	out: (text) => void process.stdout.write(text),
	err: (text) => void process.stderr.write(text),
	terminal: process.stderr.isTTY,
});
