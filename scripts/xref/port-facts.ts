// SPDX-License-Identifier: GPL-2.0-only
// Facts of the port's files: definitions by name and line, docstrings with their @kernel tags, marks.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ts } from 'ts-morph';

/** What a @kernel tag says. */
export interface KernelTag {
	/** The tag's text, lines joined. */
	text: string;
	/** Line of the tag in the port's file. */
	at: number;
	/** Path in the kernel; null for PORT: reason. */
	file: string | null;
	/** Line in the kernel; null where only patches are named. */
	line: number | null;
	/** Numbers of the patches that touch the function, in order. */
	patches: number[];
	/** The reason after PORT:, or what follows a place; may be empty. */
	reason: string;
}

export interface PortFunction {
	name: string;
	line: number;
	end: number;
	exported: boolean;
	params: string[];
	tag: KernelTag | null;
	/** The docstring as it stands. */
	doc: string;
}

export interface PortType {
	name: string;
	kind: 'class' | 'interface' | 'type';
	line: number;
	end: number;
	exported: boolean;
	/** Names of properties and accessors in order, those of object types within as `in.vid`. */
	fields: PortField[];
	/** What an alias stands for, '' for a class or an interface. */
	alias: string;
	doc: string;
}

export interface PortField {
	name: string;
	/** As written, or what the initialiser shows; '()' for a method, '' where neither says it. */
	type: string;
	/** An accessor or a method. */
	computed: boolean;
	doc: string;
}

export interface PortConst {
	name: string;
	line: number;
	end: number;
	exported: boolean;
	/** The number that the initialiser comes to; null where it is none or needs another file. */
	value: number | null;
	/** Properties of an object literal. */
	keys: string[];
}

/** A `v3:` or `PORT:` remark. */
export interface Mark {
	kind: 'v3' | 'PORT';
	line: number;
	text: string;
	/** Scenarios named by a v3: remark. */
	scenarios: string[];
}

export interface PortFile {
	path: string;
	/** The header block, without stars. */
	header: string;
	/** What follows `Not ported:` in the header, to the end of the clause; '' when there is none. */
	notPorted: string;
	/** What follows `PORT:` in the header. */
	portNote: string;
	functions: PortFunction[];
	types: PortType[];
	consts: PortConst[];
	marks: Mark[];
	lines: number;
	text: string;
}

/** Takes the stars and the edges off a block comment. */
export function commentText(raw: string): string {
	return raw
		.replace(/^\/\*+/, '')
		.replace(/\*+\/$/, '')
		.split('\n')
		.map((l) => l.replace(/^\s*\*? ?/, '').trimEnd())
		.join('\n')
		.trim();
}

/** Reads a @kernel tag's text. */
export function parseTag(text: string, at: number): KernelTag {
	const t = text.replace(/\s+/g, ' ').trim();
	const tag: KernelTag = { text: t, at, file: null, line: null, patches: [], reason: '' };
	const port = /^PORT:\s*(.*)$/.exec(t);
	if (port !== null) {
		tag.reason = port[1];
		return tag;
	}
	const m =
		/^([\w./-]+\.(?:[chS]|sh))(?::(\d+))?\s*(?:\(v5\.10[\d.]*\)|\(v5\.10[^)]*\))?\s*,?\s*(.*)$/.exec(
			t,
		);
	if (m === null) {
		tag.reason = t;
		return tag;
	}
	tag.file = m[1];
	tag.line = m[2] === undefined ? null : Number(m[2]);
	tag.patches = [...m[3].matchAll(/\b([1-9]\d*)\/\d+\b/g)].map((p) => Number(p[1]));
	tag.reason = m[3].replace(/\bpatch(?:es)?\b|\b[1-9]\d*\/\d+\b,?/g, '').trim();
	return tag;
}

/** The number an expression of literals and names of `known` comes to; null otherwise. */
function evaluate(node: ts.Expression, known: (name: string) => number | null): number | null {
	if (
		ts.isParenthesizedExpression(node) ||
		ts.isAsExpression(node) ||
		ts.isSatisfiesExpression(node)
	)
		return evaluate(node.expression, known);
	if (ts.isNumericLiteral(node)) return Number(node.text);
	if (ts.isIdentifier(node)) return known(node.text);
	if (ts.isPrefixUnaryExpression(node)) {
		const v = evaluate(node.operand, known);
		if (v === null) return null;
		if (node.operator === ts.SyntaxKind.MinusToken) return -v;
		if (node.operator === ts.SyntaxKind.TildeToken) return ~v;
		return null;
	}
	if (ts.isBinaryExpression(node)) {
		const a = evaluate(node.left, known);
		const b = evaluate(node.right, known);
		if (a === null || b === null) return null;
		switch (node.operatorToken.kind) {
			case ts.SyntaxKind.PlusToken:
				return a + b;
			case ts.SyntaxKind.MinusToken:
				return a - b;
			case ts.SyntaxKind.AsteriskToken:
				return a * b;
			case ts.SyntaxKind.AsteriskAsteriskToken:
				return a ** b;
			case ts.SyntaxKind.BarToken:
				return a | b;
			case ts.SyntaxKind.AmpersandToken:
				return a & b;
			case ts.SyntaxKind.LessThanLessThanToken:
				return a << b;
			case ts.SyntaxKind.GreaterThanGreaterThanToken:
				return a >> b;
			case ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken:
				return a >>> b;
			default:
				return null;
		}
	}
	return null;
}

function isExported(node: ts.Node): boolean {
	return (
		ts.canHaveModifiers(node) &&
		(ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword) ??
			false)
	);
}

/** The type that an initialiser shows; '' where it takes more than a look. */
function typeOfValue(node: ts.Expression | undefined, source: ts.SourceFile): string {
	if (node === undefined) return '';
	if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
		return node.type.getText(source);
	if (ts.isNewExpression(node)) return node.expression.getText(source);
	if (ts.isArrayLiteralExpression(node)) return '[]';
	if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return '()';
	if (ts.isObjectLiteralExpression(node)) return '{}';
	if (ts.isStringLiteralLike(node)) return 'string';
	if (ts.isBigIntLiteral(node)) return 'bigint';
	const word = ts.SyntaxKind[node.kind];
	if (word === 'TrueKeyword' || word === 'FalseKeyword') return 'boolean';
	if (
		ts.isNumericLiteral(node) ||
		(ts.isPrefixUnaryExpression(node) &&
			node.operator !== ts.SyntaxKind.ExclamationToken) ||
		(ts.isBinaryExpression(node) &&
			node.operatorToken.kind !== ts.SyntaxKind.CommaToken) ||
		(ts.isIdentifier(node) && /^[A-Z][A-Z0-9_]*$/.test(node.text))
	)
		return 'number';
	return '';
}

/** Properties of a class, an interface or an object type, in order. */
function fieldsOf(
	members: ts.NodeArray<ts.ClassElement | ts.TypeElement>,
	source: ts.SourceFile,
): PortField[] {
	const out: PortField[] = [];
	const seen = new Set<string>();
	const add = (name: string, type: string, computed: boolean, node: ts.Node): void => {
		if (seen.has(name)) return;
		seen.add(name);
		const doc = source.text.slice(node.getFullStart(), node.getStart(source)).trim();
		out.push({ name, type, computed, doc });
	};
	for (const m of members) {
		if (m.name === undefined) continue;
		const name = m.name.getText(source).replace(/^#|^'|'$/g, '');
		if (ts.isPropertyDeclaration(m) || ts.isPropertySignature(m)) {
			const init = ts.isPropertyDeclaration(m) ? m.initializer : undefined;
			add(name, m.type?.getText(source) ?? typeOfValue(init, source), false, m);
			if (init !== undefined && ts.isObjectLiteralExpression(init)) {
				for (const p of init.properties)
					if (p.name !== undefined)
						add(
							`${name}.${p.name.getText(source)}`,
							'',
							false,
							p,
						);
			}
		} else if (ts.isGetAccessor(m)) {
			add(name, m.type?.getText(source) ?? '', true, m);
		} else if (ts.isSetAccessor(m)) {
			add(name, m.parameters[0]?.type?.getText(source) ?? '', true, m);
		} else if (ts.isMethodDeclaration(m) || ts.isMethodSignature(m)) {
			add(name, '()', true, m);
		}
	}
	return out;
}

/** Reads one clause of the header: from `label` to the next label at a line's start, or the end. */
function clause(header: string, label: string): string {
	const parts = header.split(/^(?=(?:PORT|Not ported|Not here)\b[^:\n]*:)/m);
	return parts
		.filter((p) => p.startsWith(label))
		.map((p) => p.replace(/^[^:]*:\s*/, ''))
		.join(' ')
		.replace(/\s+/g, ' ')
		.trim();
}

/** Finds the remarks in the comments of a file. */
function marksOf(text: string): Mark[] {
	const out: Mark[] = [];
	const re = /\b(v3|PORT):[ \t]*/g;
	for (let m = re.exec(text); m !== null; m = re.exec(text)) {
		const lineStart = text.lastIndexOf('\n', m.index) + 1;
		const before = text.slice(lineStart, m.index);
		if (!/^\s*(?:\*|\/\/|\/\*)|\/\*|\/\//.test(before)) continue;
		if (/PORT: v3: *$|PORT: *$/.test(before) && m[1] === 'v3') {
			/* counted as v3 below */
		} else if (m[1] === 'PORT' && text.startsWith('v3:', re.lastIndex)) {
			continue;
		}
		let end = text.indexOf('\n', m.index);
		if (end < 0) end = text.length;
		let body = text.slice(re.lastIndex, end);
		// Following lines of the same comment, up to a blank one, a tag or the next mark.
		while (!body.includes('*/') && end < text.length) {
			const next = text.indexOf('\n', end + 1);
			const line = text.slice(end + 1, next < 0 ? text.length : next);
			const cont = /^\s*(?:\*(?!\/)|\/\/)\s?(.*)$/.exec(line);
			if (
				cont === null ||
				cont[1].trim() === '' ||
				/^(?:@|v3:|PORT:|Not ported\b)/.test(cont[1])
			)
				break;
			body += ` ${cont[1]}`;
			end = next < 0 ? text.length : next;
		}
		body = body
			.replace(/\*\/[\s\S]*$/, '')
			.replace(/\s+/g, ' ')
			.trim();
		const line = text.slice(0, m.index).split('\n').length;
		out.push({
			kind: m[1] === 'v3' ? 'v3' : 'PORT',
			line,
			text: body,
			scenarios:
				m[1] === 'v3'
					? [...body.matchAll(/\bS\d\d\b/g)].map((x) => x[0])
					: [],
		});
	}
	return out;
}

/**
 * Reads one file of the port.
 * @param path relative to the project
 */
export function readPortFile(path: string, text: string): PortFile {
	const source = ts.createSourceFile(
		path,
		text,
		ts.ScriptTarget.ES2023,
		false,
		ts.ScriptKind.TS,
	);
	const starts = source.getLineStarts();
	const lineOf = (pos: number): number => source.getLineAndCharacterOfPosition(pos).line + 1;
	const header = commentText(
		/^(?:#![^\n]*\n)?(?:\/\/[^\n]*|\/\*[^\n]*\*\/)\n\s*(\/\*[\s\S]*?\*\/)/.exec(
			text,
		)?.[1] ?? '',
	);
	const file: PortFile = {
		path,
		header,
		notPorted: clause(header, 'Not ported'),
		portNote: clause(header, 'PORT'),
		functions: [],
		types: [],
		consts: [],
		marks: marksOf(text),
		lines: starts.length,
		text,
	};
	const values = new Map<string, number>();
	const known = (name: string): number | null => values.get(name) ?? null;

	const docOf = (node: ts.Node): { doc: string; tag: KernelTag | null } => {
		const from = node.getFullStart();
		const ranges = ts.getLeadingCommentRanges(text, from) ?? [];
		const last = ranges.filter((r) => text.startsWith('/**', r.pos)).at(-1);
		if (last === undefined) return { doc: '', tag: null };
		const raw = text.slice(last.pos, last.end);
		const doc = commentText(raw);
		const m = /(?:^|\s)@kernel\s+([\s\S]*?)(?=\n\s*\*?\s*@\w|\*\/$)/.exec(raw);
		if (m === null) return { doc, tag: null };
		const at = lineOf(last.pos + m.index + m[0].indexOf('@kernel'));
		return { doc, tag: parseTag(m[1].replace(/\n\s*\*/g, '\n'), at) };
	};
	const addFunction = (
		name: string,
		node: ts.Node,
		params: ts.NodeArray<ts.ParameterDeclaration>,
	): void => {
		const { doc, tag } = docOf(node);
		const existing = file.functions.find((f) => f.name === name);
		if (existing !== undefined) {
			// an overload before: the implementation counts, its docstring may stand above any
			existing.end = lineOf(node.end);
			existing.params = params.map((p) => paramName(p, source));
			existing.tag ??= tag;
			if (existing.doc === '') existing.doc = doc;
			return;
		}
		file.functions.push({
			name,
			line: lineOf(node.getStart(source)),
			end: lineOf(node.end),
			exported: isExported(node),
			params: params.map((p) => paramName(p, source)),
			tag,
			doc,
		});
	};

	for (const node of source.statements) {
		if (ts.isFunctionDeclaration(node)) {
			addFunction(node.name?.text ?? '(default)', node, node.parameters);
		} else if (ts.isVariableStatement(node)) {
			for (const d of node.declarationList.declarations) {
				if (!ts.isIdentifier(d.name)) continue;
				let init = d.initializer;
				while (
					init !== undefined &&
					(ts.isAsExpression(init) || ts.isSatisfiesExpression(init))
				)
					init = init.expression;
				if (
					init !== undefined &&
					(ts.isArrowFunction(init) || ts.isFunctionExpression(init))
				) {
					addFunction(d.name.text, node, init.parameters);
					continue;
				}
				const value = init === undefined ? null : evaluate(init, known);
				if (value !== null) values.set(d.name.text, value);
				file.consts.push({
					name: d.name.text,
					line: lineOf(node.getStart(source)),
					end: lineOf(node.end),
					exported: isExported(node),
					value,
					keys:
						init !== undefined &&
						ts.isObjectLiteralExpression(init)
							? init.properties.flatMap((p) =>
									p.name === undefined
										? []
										: [
												p.name.getText(
													source,
												),
											],
								)
							: [],
				});
			}
		} else if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) {
			file.types.push({
				name: node.name?.text ?? '(default)',
				kind: ts.isClassDeclaration(node) ? 'class' : 'interface',
				line: lineOf(node.getStart(source)),
				end: lineOf(node.end),
				exported: isExported(node),
				fields: fieldsOf(node.members, source),
				alias: '',
				doc: docOf(node).doc,
			});
		} else if (ts.isTypeAliasDeclaration(node)) {
			file.types.push({
				name: node.name.text,
				kind: 'type',
				line: lineOf(node.getStart(source)),
				end: lineOf(node.end),
				exported: isExported(node),
				fields: ts.isTypeLiteralNode(node.type)
					? fieldsOf(node.type.members, source)
					: [],
				alias: node.type.getText(source),
				doc: docOf(node).doc,
			});
		}
	}
	return file;
}

function paramName(p: ts.ParameterDeclaration, source: ts.SourceFile): string {
	return (p.dotDotDotToken === undefined ? '' : '...') + p.name.getText(source);
}

/**
 * Paths of the .ts files below `dirs`, relative to `root`, sorted.
 * @param tests take the tests too
 */
export function portPaths(root: string, dirs: readonly string[], tests = false): string[] {
	const out: string[] = [];
	const walk = (dir: string): void => {
		for (const entry of readdirSync(join(root, dir), { withFileTypes: true })) {
			const path = `${dir}/${entry.name}`;
			if (entry.isDirectory()) walk(path);
			else if (
				entry.name.endsWith('.ts') &&
				(tests || !entry.name.endsWith('.test.ts'))
			)
				out.push(path);
		}
	};
	for (const dir of dirs) walk(dir);
	return out.sort();
}

/** Reads the whole port. */
export function readPort(
	root: string,
	dirs: readonly string[] = ['include', 'net'],
): Map<string, PortFile> {
	const out = new Map<string, PortFile>();
	for (const path of portPaths(root, dirs))
		out.set(path, readPortFile(path, readFileSync(join(root, path), 'utf8')));
	return out;
}
