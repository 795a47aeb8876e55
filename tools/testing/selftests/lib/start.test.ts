// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { start } from './start.ts';

t.test('a built program runs with bytecode, without, and with bytecode of no use', (t) => {
	const dir = t.testdir({
		'p.cjs': "require('node:fs').writeFileSync(import_meta_dirname + '/said', import_meta_url);\n",
	});
	const url = pathToFileURL(join(dir, 'p.js')).href;
	const said = (): string => {
		const text = readFileSync(join(dir, 'said'), 'utf8');
		rmSync(join(dir, 'said'));
		return text;
	};

	const first = start(url);
	t.equal(said(), url, 'without');
	t.equal(first.cachedDataRejected, undefined);

	const bytecode = first.createCachedData();
	writeFileSync(join(dir, 'p.cache'), bytecode);
	t.equal(start(url).cachedDataRejected, false, 'bytecode of this engine is taken');
	t.equal(said(), url, 'with');

	for (const [what, data] of [
		['nothing', Buffer.alloc(0)],
		['another engine', Buffer.concat([Buffer.alloc(8, 0x5a), bytecode.subarray(8)])],
		['half of it', bytecode.subarray(0, bytecode.length >> 1)],
	] as const) {
		writeFileSync(join(dir, 'p.cache'), data);
		start(url);
		t.equal(said(), url, what);
	}
	t.end();
});
