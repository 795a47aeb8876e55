// SPDX-License-Identifier: GPL-2.0-only
// Constants in place: a bundle does the same afterwards, and the names are gone where they should be.
import t from 'tap';
import { runInNewContext } from 'node:vm';

const { fold_constants } = (await import(new URL('fold-constants.mjs', import.meta.url).href)) as {
	fold_constants: (code: string, bind?: boolean) => string;
};

const BUNDLE = `"use strict";
var SHIFT = 4;
var MASK = (1 << SHIFT) - 1;
var LOWEST = -8;
var RATE = 2 ** 3 / 5;
var BELOW = -0;
var count = 0;
var first = early();
var box = class { low = MASK; };
function early() {
  return "early";
}
function step(n = SHIFT) {
  count += n;
  return { MASK, LOWEST, RATE, "SHIFT": SHIFT - LOWEST, text: "SHIFT" };
}
out(first, step(), new box().low, box.MASK, count, 1 - LOWEST, 1 / BELOW < 0);
`;

function said(code: string): string {
	const lines: string[] = [];
	runInNewContext(code, { out: (...args: unknown[]) => lines.push(JSON.stringify(args)) });
	return lines.join('\n');
}

t.test('a bundle does the same with constants in place', (t) => {
	const want =
		'["early",{"MASK":15,"LOWEST":-8,"RATE":1.6,"SHIFT":12,"text":"SHIFT"},15,null,4,9,true]';
	t.equal(said(BUNDLE), want);
	for (const bind of [false, true]) {
		const folded = fold_constants(BUNDLE, bind);
		t.equal(said(folded), want, bind ? 'bound' : 'numbers alone');
		t.match(folded, /low = 15;/);
		t.match(folded, /^var count = 0;$/m, 'what is assigned to stays a variable');
		t.match(
			folded,
			bind
				? /^"use strict";\nconst early = function\(\)/
				: /^function early\(\)/m,
		);
	}
	t.end();
});

t.test('a name that means two things is refused', (t) => {
	t.throws(() => fold_constants('var N = 3;\nfunction f(N) {\n  return N;\n}\n'), {
		message: 'N means two things',
	});
	t.end();
});
