// SPDX-License-Identifier: GPL-2.0-only
// What the C preprocessor does for the kernel: puts the values of constants where their names stand. esbuild does
// so for some, and writes every other declaration at the top of a bundle as `var`, which V8 reads and compares at
// each use. Here each that nobody assigns is a `const` again, and each number is itself.
//
// esbuild gives no two things that see each other one name, so that a name means the same in the whole bundle; that it does is checked.

import { parse } from 'acorn';
import { full } from 'acorn-walk';

const UNARY = { '-': (a) => -a, '+': (a) => a, '~': (a) => ~a };
const BINARY = {
	'+': (a, b) => a + b,
	'-': (a, b) => a - b,
	'*': (a, b) => a * b,
	'/': (a, b) => a / b,
	'**': (a, b) => a ** b,
	'<<': (a, b) => a << b,
	'>>': (a, b) => a >> b,
	'>>>': (a, b) => a >>> b,
	'&': (a, b) => a & b,
	'|': (a, b) => a | b,
	'^': (a, b) => a ^ b,
};

/** The number that an expression is, or undefined. */
function value_of(node, numbers) {
	switch (node.type) {
		case 'Literal':
			return typeof node.value === 'number' ? node.value : undefined;
		case 'Identifier':
			return numbers.get(node.name);
		case 'UnaryExpression': {
			const a = value_of(node.argument, numbers);
			return a === undefined ? undefined : UNARY[node.operator]?.(a);
		}
		case 'BinaryExpression': {
			const a = value_of(node.left, numbers);
			const b = value_of(node.right, numbers);
			return a === undefined || b === undefined ? undefined : BINARY[node.operator]?.(a, b);
		}
		default:
			return undefined;
	}
}

/** Adds the names that an assignment to a target changes. */
function add_names(target, names) {
	if (target.type === 'Identifier') names.add(target.name);
	else if (target.type !== 'MemberExpression')
		full(target, (node) => node.type === 'Identifier' && names.add(node.name));
}

/** Names that something is assigned to after their declaration. */
function assigned(ast) {
	const names = new Set();
	full(ast, (node) => {
		if (node.type === 'AssignmentExpression') add_names(node.left, names);
		else if (node.type === 'UpdateExpression') add_names(node.argument, names);
		else if (/^For(In|Of)Statement$/.test(node.type) && node.left.type !== 'VariableDeclaration')
			add_names(node.left, names);
	});
	return names;
}

/**
 * @param {string} code a bundle of esbuild's, not minified
 * @returns {string} the same with constants in place; no line is added or gone
 */
export function fold_constants(code) {
	const ast = parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
	const written = assigned(ast);
	const numbers = new Map();
	const declared = new Set();
	/* [start, end, text] */
	const edits = [];
	for (const { type, kind, declarations, start } of ast.body) {
		if (type !== 'VariableDeclaration' || kind !== 'var') continue;
		if (declarations.some(({ id, init }) => init === null || id.type !== 'Identifier' || written.has(id.name)))
			continue;
		edits.push([start, start + 'var'.length, 'const']);
		for (const { id, init } of declarations) {
			const value = value_of(init, numbers);
			if (value === undefined || !Number.isFinite(value)) continue;
			numbers.set(id.name, value);
			declared.add(id);
		}
	}
	const shorthand = new Set();
	full(ast, (node, _, type) => {
		if (node.type === 'Property' && node.shorthand) shorthand.add(node.value);
		if (!numbers.has(node.name)) return;
		if (type === 'Identifier') edits.push(node);
		else if (type === 'VariablePattern' && !declared.has(node))
			throw new Error(`${node.name} means two things`);
	});
	let at = 0;
	let out = '';
	const places = edits.map((e) => {
		if (Array.isArray(e)) return e;
		const value = numbers.get(e.name);
		const text = value < 0 || Object.is(value, -0) ? `(${value})` : String(value);
		return [e.start, e.end, shorthand.has(e) ? `${e.name}: ${text}` : text];
	});
	for (const [start, end, text] of places.sort((a, b) => a[0] - b[0])) {
		out += code.slice(at, start) + text;
		at = end;
	}
	return out + code.slice(at);
}
