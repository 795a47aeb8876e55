// SPDX-License-Identifier: GPL-2.0-only
// The port beside the kernel: every hunk of the patch series and every function of a mirrored file,
// with its place here.
//
//   npm run xref                            against the facts that ship with the project
//   npm run xref -- net/core/dev.ts         these files in full; --all: every file
//   npm run xref -- --at nft_dev_path_info  one place; also file.c:line or file.ts:line
//   npm run xref -- --mbox FILE|DIR         against the patch series as mailed
//   npm run xref -- --kernel DIR            against a kernel tree, v5.10 or later
//   --json FILE, --html FILE                the same as data or as one page
//
// Exit code: 0 all is explained, 1 something is not, 2 wrong usage or unreadable input.

import { run } from './xref/main.ts';

process.exitCode = await run(process.argv.slice(2), {
	out: (text) => process.stdout.write(`${text}\n`),
	err: (text) => process.stderr.write(`${text}\n`),
});
