// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a built program starts: from its bundle (`X.cjs` beside `X.js`) and, where scripts/prime.mjs left one, from the
 * bytecode of a run (`X.cache`), so that nothing of the network stack has to be parsed again. An engine of another
 * version or with other flags refuses the bytecode; the program then starts as it would without.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import './short_run.ts';

type bundle = (require: NodeJS.Require, url: string, dir: string) => void;

function bytecode(path: string): Buffer | undefined {
	try {
		return readFileSync(path);
	} catch {
		return undefined;
	}
}

/**
 * Runs the bundle that belongs to a built program.
 * @param url - of the program, `….js`
 * @returns the compiled script, for whoever wants to keep its bytecode
 */
export function start(url: string): Script {
	const path = fileURLToPath(url);
	const base = path.slice(0, -'.js'.length);
	/*
	 * On one line with the bundle's first, so that line numbers stay. Only its comments hold other than ASCII, and
	 * what is read as one byte a character is kept and scanned so.
	 */
	const source = `(function (require, import_meta_url, import_meta_dirname) {${readFileSync(`${base}.cjs`, 'latin1')}\n})`;
	const script = new Script(source, {
		filename: `${base}.cjs`,
		cachedData: bytecode(`${base}.cache`),
	});
	(script.runInThisContext() as bundle)(createRequire(url), url, dirname(path));
	return script;
}
