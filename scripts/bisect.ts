// SPDX-License-Identifier: GPL-2.0-only
// The series, patch by patch: every test against the port as it stands after patch 0 (plain v5.10) to 9.
//
//   npm run bisect                             the table: patches across, tests down
//   npm run bisect -- --only PATTERN           these tests; --states 0,6,9: these states; --json FILE
//   npm run bisect -- --diff 6 7 [SCENARIO]    the calls that a packet makes at two states, side by side
//   npm run bisect -- --check [--typecheck]    the series applies; each state type-checks
//   npm run bisect -- --refresh [DIR]          carries the series over to a tree that moved
//
// Exit code 0; 1 when the series does not apply, a state cannot be built, or the last state fails;
// 2 for a wrong command line.

import process from 'node:process';
import { bisect } from './bisect/main.ts';

process.stdout.on('error', () => process.exit(141));
process.exitCode = await bisect(process.argv.slice(2), {
	out: (text) => process.stdout.write(`${text}\n`),
	err: (text) => process.stderr.write(`${text}\n`),
});
