// SPDX-License-Identifier: GPL-2.0-only
// What the project ships about the kernel: the patch series (catalogue.json) and the definitions of
// the files that the port mirrors (kernel-facts.txt). Names, lines and values; no text of the kernel.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CEnum, type CFacts, type CFunction, type CStruct, constantValue } from './c-facts.ts';

export type ItemKind =
	'function' | 'prototype' | 'struct' | 'enum' | 'define' | 'ops-table' | 'script-section';

/** What a patch does to one definition. */
export interface CatalogueItem {
	kind: ItemKind;
	name: string;
	change: 'added' | 'modified';
	static?: boolean;
	/** Parameters after the patch. */
	params?: string[];
	fieldsAdded?: string[];
	values?: [string, number][];
	placement?: string;
	what?: string;
}

export interface CatalogueHunk {
	/** First line and number of lines, before. */
	old: [number, number];
	/** First line and number of lines, after. */
	new: [number, number];
	/** Definitions that the hunk makes or changes; `struct.member` for one member. */
	defs: string[];
	what: string;
}

export interface CatalogueFile {
	path: string;
	added: number;
	removed: number;
	hunks: CatalogueHunk[];
	items: CatalogueItem[];
}

export interface CataloguePatch {
	number: number;
	subject: string;
	messageId: string;
	insertions: number;
	deletions: number;
	files: CatalogueFile[];
}

export interface Catalogue {
	title: string;
	author: string;
	date: string;
	cover: {
		subject: string;
		messageId: string;
		insertions: number;
		deletions: number;
		diffstat: Record<string, number>;
	};
	patches: CataloguePatch[];
	/** Where the port keeps what has another name here, and why. */
	names: Record<string, { port: string; why: string }>;
	/** Behaviours of v3 that the port keeps, by number. */
	scenarios: Record<string, string>;
}

/** Definitions of the kernel's files by path. */
export type KernelFacts = Map<string, CFacts>;

/** Reads catalogue.json of `dir`. */
export function readCatalogue(dir: string): Catalogue {
	return JSON.parse(readFileSync(join(dir, 'catalogue.json'), 'utf8')) as Catalogue;
}

/** Spells facts as lines: one file, then one definition a line. */
export function formatFacts(facts: KernelFacts): string {
	const out: string[] = [
		'# SPDX-License-Identifier: GPL-2.0-only',
		'# Definitions of the kernel files that the port mirrors, v5.10.13: names, lines, values.',
		'# Made by `npm run xref -- --kernel DIR --facts FILE`.',
		'# f function: name first-name-last line, s(tatic) g(lobal) or m(acro), parameters',
		'# s struct: name lines member:type; e enum: name lines values; d constant: name line value',
		'# v variable: name lines; p prototype: name line',
	];
	for (const path of [...facts.keys()].sort()) {
		const f = facts.get(path)!;
		out.push(path);
		for (const x of f.functions) {
			const kind = x.kind === 'macro' ? 'm' : x.isStatic ? 's' : 'g';
			out.push(
				`f ${x.name} ${x.start}-${x.line}-${x.end} ${kind} ${x.params.join(',')}`.trimEnd(),
			);
		}
		for (const x of f.structs)
			out.push(
				`s ${x.name} ${x.line}-${x.end} ${x.fields.map((n, i) => `${n}:${x.types[i]}`).join(',')}`.trimEnd(),
			);
		for (const x of f.enums) {
			const values = x.values.map(([n, v]) => (v === null ? n : `${n}=${v}`));
			out.push(
				`e ${x.name || '-'} ${x.line}-${x.end} ${values.join(',')}`.trimEnd(),
			);
		}
		for (const x of f.defines) {
			const v = constantValue(x.text, new Map());
			if (v !== null) out.push(`d ${x.name} ${x.line} ${v}`);
		}
		for (const x of f.variables) out.push(`v ${x.name} ${x.line}-${x.end}`);
		const defined = new Set(f.functions.map((x) => x.name));
		for (const x of f.prototypes)
			if (!defined.has(x.name)) out.push(`p ${x.name} ${x.line}`);
	}
	return out.join('\n') + '\n';
}

function list(text: string | undefined): string[] {
	return text === undefined || text === '' ? [] : text.split(',');
}

/** Reads what formatFacts wrote. */
export function parseFacts(text: string): KernelFacts {
	const out: KernelFacts = new Map();
	let at: CFacts | null = null;
	for (const line of text.split('\n')) {
		if (line === '' || line.startsWith('#')) continue;
		const w = line.split(' ');
		if (w.length === 1) {
			at = {
				functions: [],
				structs: [],
				enums: [],
				defines: [],
				variables: [],
				prototypes: [],
				exported: [],
			};
			out.set(line, at);
			continue;
		}
		if (at === null) continue;
		const lines = w[2].split('-').map(Number);
		switch (w[0]) {
			case 'f': {
				const f: CFunction = {
					name: w[1],
					start: lines[0],
					line: lines[1],
					end: lines[2],
					isStatic: w[3] === 's',
					kind: w[3] === 'm' ? 'macro' : 'function',
					params: list(w[4]),
				};
				at.functions.push(f);
				break;
			}
			case 's': {
				const pairs = list(w[3]).map((m) => m.split(':'));
				const s: CStruct = {
					name: w[1],
					line: lines[0],
					end: lines[1],
					fields: pairs.map((m) => m[0]),
					types: pairs.map((m) => m[1]),
				};
				at.structs.push(s);
				break;
			}
			case 'e': {
				const e: CEnum = {
					name: w[1] === '-' ? '' : w[1],
					line: lines[0],
					end: lines[1],
					values: [],
				};
				for (const v of list(w[3])) {
					const eq = v.indexOf('=');
					e.values.push(
						eq < 0
							? [v, null]
							: [v.slice(0, eq), Number(v.slice(eq + 1))],
					);
				}
				at.enums.push(e);
				break;
			}
			case 'd':
				at.defines.push({ name: w[1], line: lines[0], text: w[3] });
				break;
			case 'v':
				at.variables.push({ name: w[1], line: lines[0], end: lines[1] });
				break;
			case 'p':
				at.prototypes.push({ name: w[1], line: lines[0] });
				break;
		}
	}
	return out;
}

/** Reads kernel-facts.txt of `dir`; empty when there is none. */
export function readFacts(dir: string): KernelFacts {
	const path = join(dir, 'kernel-facts.txt');
	return existsSync(path)
		? parseFacts(readFileSync(path, 'utf8'))
		: new Map<string, CFacts>();
}

/** The kernel paths that a file of the port mirrors: same path, `.c` or `.h` for `.ts`. */
export function mirrored(path: string, facts: KernelFacts): string[] {
	const stem = path.replace(/\.ts$/, '');
	return [`${stem}.c`, `${stem}.h`].filter((p) => facts.has(p));
}

/** Numbers of the patches that make or change `name`, in order, and whether one makes it. */
export function patchesOf(
	catalogue: Catalogue,
	name: string,
	path: string | null,
): { numbers: number[]; added: boolean } {
	const numbers: number[] = [];
	let added = false;
	for (const p of catalogue.patches)
		for (const f of p.files) {
			if (path !== null && f.path !== path) continue;
			for (const i of f.items) {
				if (i.name !== name || i.kind === 'prototype') continue;
				if (!numbers.includes(p.number)) numbers.push(p.number);
				if (i.change === 'added') added = true;
			}
		}
	return { numbers, added };
}
