// SPDX-License-Identifier: GPL-2.0-only
// What preprocessor and linker do for the kernel: the values of constants stand where their names are, and a call
// knows what it calls.
//
// esbuild writes every declaration at the top of a bundle as `var` or `function`, to which anybody might assign; V8's
// optimising compiler reads and compares them at each use, a tenth of the instructions of the packet path. As `const`
// they are part of the compiled code; but the interpreter then asks at each use whether they are set yet, which costs
// a program that runs for seconds more than it gains. So that is for programs that run for long.
//
// esbuild gives no two things that see each other one name, so that a name means the same in the whole bundle; that
// it does is checked.

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
 * @param {boolean} bind whether what nobody assigns to becomes a `const`; functions go to the top, so that all are
 * there when the first is called
 * @returns {string} the same with numbers in place of the names of constants
 */
export function fold_constants(code, bind = false) {
	const ast = parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
	const written = assigned(ast);
	const numbers = new Map();
	const declared = new Set();
	const functions = [];
	/* [start, end, text] */
	const edits = [];
	for (const node of ast.body) {
		if (bind && node.type === 'FunctionDeclaration' && !written.has(node.id.name))
			functions.push(node);
		if (node.type !== 'VariableDeclaration' || node.kind !== 'var') continue;
		const { declarations, start } = node;
		if (declarations.some(({ id, init }) => init === null || id.type !== 'Identifier' || written.has(id.name)))
			continue;
		if (bind) edits.push([start, start + 'var'.length, 'const']);
		for (const { id, init } of declarations) {
			const value = value_of(init, numbers);
			if (value === undefined || !Number.isFinite(value)) continue;
			numbers.set(id.name, value);
			declared.add(id);
		}
	}
	const shorthand = new Set();
	const uses = [];
	full(ast, (node, _, type) => {
		if (node.type === 'Property' && node.shorthand) shorthand.add(node.value);
		if (!numbers.has(node.name)) return;
		if (type === 'VariablePattern' && !declared.has(node))
			throw new Error(`${node.name} means two things`);
		if (type === 'Identifier') uses.push(node);
	});
	for (const node of uses) {
		const value = numbers.get(node.name);
		const text = Object.is(value, -0) ? '(-0)' : value < 0 ? `(${value})` : String(value);
		edits.push([node.start, node.end, shorthand.has(node) ? `${node.name}: ${text}` : text]);
	}
	edits.sort((a, b) => a[0] - b[0]);
	let next = 0;
	/* a span of the bundle with what is to be changed in it */
	const span = (from, to) => {
		let out = '';
		for (; next < edits.length && edits[next][0] < to; next++) {
			const [start, end, text] = edits[next];
			out += code.slice(from, start) + text;
			from = end;
		}
		return out + code.slice(from, to);
	};
	let moved = '';
	let rest = '';
	let at = 0;
	for (const node of functions) {
		rest += span(at, node.start);
		const kind = code.slice(node.start, node.id.start).trimEnd();
		moved += `const ${node.id.name} = ${kind}${span(node.id.end, node.end)};\n`;
		at = node.end;
	}
	rest += span(at, code.length);
	const first = rest.search(/^(?!import |"use strict"|\/\/|#!|$)/m);
	return rest.slice(0, first) + moved + rest.slice(first);
}
