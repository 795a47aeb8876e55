// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a script is started.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Text of a script and of what lies beside it for it to read. */
export function text_around(script: string): string {
	let text = readFileSync(script, 'latin1');
	for (const dir of [dirname(script), dirname(dirname(script))])
		for (const name of readdirSync(dir))
			if (name.endsWith('lib.sh')) text += readFileSync(join(dir, name), 'latin1');
	return text;
}

/** Who runs a script: what its first line names, bash when there is none. */
export function interpreter(text: string): string[] {
	const m = /^#!\s*(\S+)(?:[ \t]+(.*\S))?/.exec(text);
	if (m === null) return ['bash'];
	if (basename(m[1]) === 'env' && m[2] !== undefined) return m[2].replace(/^-S\s+/, '').split(/\s+/);
	return m[2] === undefined ? [m[1]] : [m[1], m[2]];
}
