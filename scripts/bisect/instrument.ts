// SPDX-License-Identifier: GPL-2.0-only
// Makes the functions of the port tell when they are called: on the way into a tracer's bundle, and nowhere else.

import ts from 'typescript';

/** Whose functions are told: the port's, and those of the simulated devices; not each handling of a buffer. */
const TOLD = /^(net\/(?!core\/skbuff\.ts$)|tools\/testing\/selftests\/drivers\/)/;

/** Changes a source so that each named function calls enter() and leave() of calls.ts. */
export function instrument(root: string): (path: string, text: string) => string {
	return (path, text) => {
		if (!TOLD.test(path)) return text;
		const file = ts.createSourceFile(
			path,
			text,
			ts.ScriptTarget.ES2022,
			false,
			ts.ScriptKind.TS,
		);
		const edits: { at: number; text: string }[] = [];
		const tell = (name: string, body: ts.Node | undefined): void => {
			if (body === undefined || !ts.isBlock(body)) return;
			edits.push({
				at: body.getStart(file) + 1,
				text: `__enter(${JSON.stringify(name)}); try {`,
			});
			edits.push({ at: body.end - 1, text: '} finally { __leave(); }' });
		};
		const visit = (node: ts.Node): void => {
			if (ts.isFunctionDeclaration(node) && node.asteriskToken === undefined)
				tell(node.name?.text ?? '', node.body);
			ts.forEachChild(node, visit);
		};
		visit(file);
		if (edits.length === 0) return text;
		let out = '';
		let from = 0;
		for (const e of edits.sort((a, b) => a.at - b.at)) {
			out += text.slice(from, e.at) + e.text;
			from = e.at;
		}
		const calls = JSON.stringify(`${root}/scripts/bisect/calls.ts`);
		return `import { enter as __enter, leave as __leave } from ${calls}; ${out}${text.slice(from)}`;
	};
}
