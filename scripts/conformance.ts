// SPDX-License-Identifier: GPL-2.0-only
// The judge: the same script on the simulator and on a real kernel, and what is different.
//
//   npm run conformance -- [--kernel WHAT | --fetch | --host] [options] SCRIPT... [-- ARGS...]
//
// --help tells all options. Exit code: 0 nothing unexpected, 1 differences, 2 wrong usage, 3 a run gave no
// answer, 4 tools are absent.

import { run } from './conformance/main.ts';

process.exitCode = await run(process.argv.slice(2), {
	out: (text) => process.stdout.write(text),
	err: (text) => process.stderr.write(text),
});
