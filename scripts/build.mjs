// SPDX-License-Identifier: GPL-2.0-only
// Builds dist/: the nft grammar, then every .ts of the project (tests apart) by tsc.
// The compiler only strips types here; `npm run typecheck` is what judges them.

import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function run(...args) {
	const r = spawnSync(process.execPath, args, {
		cwd: root,
		stdio: ['ignore', 'inherit', 'inherit'],
	});
	if (r.status !== 0) process.exit(r.status ?? 1);
}

function hasSource(dir) {
	if (!existsSync(dir)) return false;
	return readdirSync(dir, { recursive: true }).some((f) => f.endsWith('.ts'));
}

// dist/ mirrors the sources, so what an older build left behind must not stay there.
if (process.argv.includes('--clean')) rmSync(join(root, 'dist'), { recursive: true, force: true });

run('scripts/build-grammar.mjs');
if (['net', 'include', 'tools', 'scripts'].some((d) => hasSource(join(root, d)))) {
	run('node_modules/typescript-7/bin/tsc', '-p', 'tsconfig.build.json');
	run('scripts/build-grammar.mjs', '--dist');
	const simns = 'tools/testing/selftests/simns';
	copyFileSync(join(root, simns, 'client.pl'), join(root, 'dist', simns, 'client.pl'));
	chmodSync(join(root, 'dist', simns, 'main.js'), 0o755);
}
