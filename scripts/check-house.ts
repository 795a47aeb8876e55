// SPDX-License-Identifier: GPL-2.0-only
// House rules that neither the compiler nor the linter knows. Prints offences as path:line and
// exits 1 when there are any.
//
//   node --import=tsx scripts/check-house.ts [part of a path]...

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Node, Project, VariableDeclarationKind } from 'ts-morph';
import type { JSDoc, JSDocableNode, SourceFile } from 'ts-morph';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Paths of the kernel's headers and sources under include/ and net/, one a line. */
const kernelFiles = new Set(
	readFileSync(join(root, 'scripts/data/kernel-files.txt'), 'utf8')
		.split('\n')
		.filter(Boolean),
);

interface Offence {
	path: string;
	line: number;
	text: string;
}

const offences: Offence[] = [];

/** Notes one broken rule at `line` (from 1) of `path`. */
function offend(path: string, line: number, text: string): void {
	offences.push({ path, line, text });
}

/** True for the trees whose files are ports of kernel files. */
function isKernelPart(path: string): boolean {
	return path.startsWith('net/') || path.startsWith('include/');
}

/** The first line names the licence (below a `#!` line, where there is one). */
function checkLicence(path: string, text: string): void {
	const lines = text.split('\n', 2);
	const first = lines[0].startsWith('#!') ? (lines[1] ?? '') : lines[0];
	if (!/^(\/\/|\/\*) SPDX-License-Identifier: \S/.test(first))
		offend(path, 1, 'the first line is no SPDX-License-Identifier comment');
}

/**
 * The header block, which follows the SPDX line, names the kernel file that the path mirrors. A
 * path that no kernel file has says PORT: and why.
 */
function checkHeader(path: string, text: string): void {
	const block = /^(?:\/\/[^\n]*|\/\* SPDX[^\n]*\*\/)\n\s*(\/\*[\s\S]*?\*\/)/.exec(text)?.[1];
	if (block === undefined) {
		offend(path, 2, 'no header block comment after the SPDX line');
		return;
	}
	const stem = path.slice(0, -'.ts'.length);
	const mirrored = [`${stem}.c`, `${stem}.h`].filter((p) => kernelFiles.has(p));
	if (mirrored.length === 0) {
		if (!/PORT:\s*\S/.test(block))
			offend(
				path,
				2,
				`mirrors no kernel file, and its header gives no reason (PORT:)`,
			);
	} else if (!mirrored.some((p) => block.includes(p)) && !/PORT:\s*\S/.test(block)) {
		offend(path, 2, `the header does not name ${mirrored.join(' or ')}`);
	}
}

/** Why the text of a @kernel tag is wrong; null when it is well formed. */
function kernelTagFault(tag: string): string | null {
	if (tag === '') return '@kernel says nothing';
	if (/^PORT:/.test(tag))
		return /^PORT:\s*\S/.test(tag) ? null : '@kernel PORT: gives no reason';
	const m = /^([\w./-]+\.[chS])(:\d+)?(?=[\s,;)]|$)(.*)$/s.exec(tag);
	if (m === null) return '@kernel names no kernel file (path.c:line) and is no PORT: reason';
	const [, file, line, rest] = m;
	if (/^(net|include)\//.test(file) && !kernelFiles.has(file))
		return `@kernel names ${file}, which is no kernel file`;
	if (line === undefined && !/\bpatch [1-9]\/9/.test(rest))
		return '@kernel has neither a line number nor a patch';
	return null;
}

/** A docstring with a sentence and a @kernel tag stands above the function. */
function checkFunction(path: string, line: number, name: string, docs: JSDoc[]): void {
	if (docs.length === 0) {
		offend(path, line, `${name} has no docstring`);
		return;
	}
	const tags = docs
		.flatMap((d) => d.getTags())
		.filter((tag) => tag.getTagName() === 'kernel');
	if (tags.length === 0) {
		offend(path, line, `${name} has no @kernel tag`);
		return;
	}
	if (docs.every((d) => d.getDescription().trim() === ''))
		offend(path, line, `${name}: the docstring does not say what it does`);
	// The compiler takes a word before a colon for something else in no tag of ours: read the source.
	for (const tag of tags) {
		const raw = tag
			.getText()
			.replace(/^@kernel/, '')
			.replace(/\n\s*\*/g, '\n')
			.trim();
		const fault = kernelTagFault(raw);
		if (fault !== null) offend(path, tag.getStartLineNumber(), `${name}: ${fault}`);
	}
}

/** The docstrings of an overloaded function may stand above any of its signatures. */
function docsOf(nodes: JSDocableNode[]): JSDoc[] {
	return nodes.flatMap((n) => n.getJsDocs());
}

/** Rules for the statements of a module: functions are documented, nothing at the top can change. */
function checkStatements(path: string, file: SourceFile): void {
	for (const statement of file.getStatements()) {
		if (Node.isFunctionDeclaration(statement)) {
			if (statement.isOverload()) continue;
			const docs = docsOf([statement, ...statement.getOverloads()]);
			const name = statement.getName() ?? '(default)';
			checkFunction(path, statement.getStartLineNumber(), name, docs);
		} else if (Node.isVariableStatement(statement)) {
			const line = statement.getStartLineNumber();
			if (statement.getDeclarationKind() !== VariableDeclarationKind.Const)
				offend(
					path,
					line,
					'module-level let: mutable state belongs to the Machine',
				);
			for (const declaration of statement.getDeclarations()) {
				const init = declaration.getInitializer();
				if (Node.isArrowFunction(init) || Node.isFunctionExpression(init))
					checkFunction(
						path,
						line,
						declaration.getName(),
						statement.getJsDocs(),
					);
			}
		}
	}
}

const filters = process.argv.slice(2);
const project = new Project({
	skipAddingFilesFromTsConfig: true,
	skipFileDependencyResolution: true,
});
const trees = ['include', 'net', 'tools', 'scripts'].filter((d) => existsSync(join(root, d)));
project.addSourceFilesAtPaths(trees.map((d) => join(root, d, '**/*.ts')));

let files = 0;
for (const file of project.getSourceFiles()) {
	const path = relative(root, file.getFilePath()).replaceAll('\\', '/');
	if (filters.length > 0 && !filters.some((f) => path.includes(f))) continue;
	const text = file.getFullText();
	files++;
	checkLicence(path, text);
	if (!isKernelPart(path)) continue;
	checkHeader(path, text);
	checkStatements(path, file);
}

offences.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line));
for (const o of offences) console.log(`${o.path}:${o.line}: ${o.text}`);
console.log(`house: ${files} files, ${offences.length} offences`);
process.exitCode = offences.length > 0 ? 1 : 0;
