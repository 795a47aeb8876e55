// SPDX-License-Identifier: GPL-2.0-only
// Compiles the nft grammar with peggy: grammar.peggy -> grammar.js (an ES module without imports)
// beside it. Does nothing when the grammar is absent or when what it would write is up to date.

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stem = 'tools/testing/selftests/usr/nft/grammar';
const source = join(root, `${stem}.peggy`);
const output = join(root, `${stem}.js`);

if (existsSync(source)) {
	const stale = !existsSync(output) || statSync(output).mtimeMs <= statSync(source).mtimeMs;
	if (stale) {
		const { default: peggy } = await import('peggy');
		const text = readFileSync(source, 'utf8');
		try {
			const code = peggy.generate(text, {
				output: 'source',
				format: 'es',
				grammarSource: `${stem}.peggy`,
			});
			writeFileSync(output, code);
		} catch (e) {
			const where = [{ source: `${stem}.peggy`, text }];
			console.error(typeof e.format === 'function' ? e.format(where) : e);
			process.exit(1);
		}
	}
}
