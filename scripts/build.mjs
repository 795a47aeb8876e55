// SPDX-License-Identifier: GPL-2.0-only
// Builds dist/: each command-line entry point as one bundle, which starts in a third of the time that
// its five hundred modules would take, and the few lines that start it. esbuild strips types only;
// `npm run typecheck` judges them.

import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { fold_constants } from './fold-constants.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const selftests = 'tools/testing/selftests';

const grammar = spawnSync(process.execPath, ['scripts/build-grammar.mjs'], {
	cwd: root,
	stdio: ['ignore', 'inherit', 'inherit'],
});
if (grammar.status !== 0) process.exit(grammar.status ?? 1);

const programs = ['run', 'simns/main', 'netfilter/review/main'];

const common = {
	absWorkingDir: root,
	outbase: '.',
	outdir: 'dist',
	bundle: true,
	platform: 'node',
	target: 'node20',
	logLevel: 'warning',
	write: false,
};
const [short, start, long] = await Promise.all([
	build({
		...common,
		entryPoints: programs.map((name) => `${selftests}/${name}.ts`),
		format: 'cjs',
		outExtension: { '.js': '.cjs' },
		define: {
			'import.meta.url': 'import_meta_url',
			'import.meta.dirname': 'import_meta_dirname',
		},
	}),
	build({ ...common, entryPoints: [`${selftests}/lib/start.ts`], format: 'esm' }),
	build({ ...common, entryPoints: ['scripts/bench.ts'], outbase: '.', format: 'esm' }),
]).catch(() => process.exit(1));

// what was there before goes only when there is something new
rmSync(join(root, 'dist'), { recursive: true, force: true });
for (const { outputFiles } of [short, start, long])
	for (const { path, text } of outputFiles) {
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, fold_constants(text, outputFiles === long.outputFiles));
	}
for (const name of programs) {
	const path = join(root, 'dist', selftests, `${name}.js`);
	const lib = relative(dirname(path), join(root, 'dist', selftests, 'lib/start.js'));
	writeFileSync(
		path,
		`#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-only
import { start } from '${lib.startsWith('.') ? lib : `./${lib}`}';

start(import.meta.url);
`,
	);
}
copyFileSync(
	join(root, selftests, 'simns/client.pl'),
	join(root, 'dist', selftests, 'simns/client.pl'),
);
chmodSync(join(root, 'dist', selftests, 'simns/main.js'), 0o755);
