// SPDX-License-Identifier: GPL-2.0-only
// The port beside a kernel tree of any version: what is still there under its name.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CFacts, readC } from './c-facts.ts';
import type { KernelFacts } from './catalogue.ts';
import type { PortIndex } from './compare.ts';
import { BadInput } from './mbox.ts';
import { table } from './print.ts';

export interface TreeRow {
	path: string;
	name: string;
	what: 'moved' | 'signature' | 'gone' | 'static' | 'global';
	text: string;
}

export interface TreeReport {
	version: string;
	/** Files that are in the tree. */
	files: number;
	/** Functions of the port whose name stands in the same file. */
	same: number;
	movedFiles: { path: string; to: string }[];
	rows: TreeRow[];
}

const MAX_SOURCE = 4 * 1024 * 1024;

function readSource(dir: string, path: string): string | null {
	const full = join(dir, path);
	if (!existsSync(full)) return null;
	const s = statSync(full);
	return s.isFile() && s.size <= MAX_SOURCE ? readFileSync(full, 'latin1') : null;
}

/** Kernel paths that the port mirrors or cites. */
export function wantedPaths(index: PortIndex): string[] {
	const out = new Set<string>();
	for (const [path, file] of index.files) {
		if (!/^(?:net|include)\//.test(path)) continue;
		const stem = path.replace(/\.ts$/, '');
		out.add(`${stem}.c`).add(`${stem}.h`);
		for (const f of file.functions) if (f.tag?.file != null) out.add(f.tag.file);
	}
	return [...out].sort();
}

/** Reads facts of those `paths` that the tree has. */
export function readTree(dir: string, paths: readonly string[]): KernelFacts {
	const out: KernelFacts = new Map<string, CFacts>();
	for (const p of paths) {
		const text = readSource(dir, p);
		if (text !== null) out.set(p, readC(text));
	}
	return out;
}

/** All C files of the parts of the tree that matter here. */
function allSources(dir: string): string[] {
	const out: string[] = [];
	const walk = (path: string): void => {
		for (const e of readdirSync(join(dir, path), { withFileTypes: true })) {
			if (e.isDirectory()) walk(`${path}/${e.name}`);
			else if (e.isFile() && /\.[ch]$/.test(e.name))
				out.push(`${path}/${e.name}`);
		}
	};
	for (const d of [
		'net',
		'include/net',
		'include/linux',
		'include/uapi/linux',
		'lib',
		'kernel/bpf',
	])
		if (existsSync(join(dir, d))) walk(d);
	return out;
}

/** The tree's version as its Makefile says. */
function versionOf(dir: string): string {
	const text = readSource(dir, 'Makefile') ?? '';
	const get = (k: string): string => new RegExp(`^${k} = *(\\S*)`, 'm').exec(text)?.[1] ?? '';
	const v = get('VERSION');
	return v === '' ? 'unknown version' : `v${v}.${get('PATCHLEVEL')}.${get('SUBLEVEL')}`;
}

/** Compares the port's functions, by the facts of v5.10, with a tree. */
export function compareTree(dir: string, facts: KernelFacts, index: PortIndex): TreeReport {
	const tree = readTree(dir, wantedPaths(index));
	if (tree.size === 0)
		throw new BadInput(
			`${dir}: none of the mirrored files is here: is it a kernel tree?`,
		);
	const report: TreeReport = {
		version: versionOf(dir),
		files: tree.size,
		same: 0,
		movedFiles: [],
		rows: [],
	};
	const lost: { path: string; name: string; from: string }[] = [];
	for (const [path, file] of index.files)
		for (const fn of file.functions) {
			const from = fn.tag?.file;
			if (from == null || fn.tag?.line == null) continue;
			const old = facts.get(from)?.functions.find((f) => f.name === fn.name);
			if (old === undefined) continue;
			const now = tree.get(from)?.functions.find((f) => f.name === fn.name);
			if (now === undefined) {
				lost.push({ path, name: fn.name, from });
				continue;
			}
			report.same++;
			if (now.params.join() !== old.params.join())
				report.rows.push({
					path: from,
					name: fn.name,
					what: 'signature',
					text: `(${old.params.join(', ')}) is (${now.params.join(', ')})`,
				});
			if (now.isStatic !== old.isStatic && from.endsWith('.c'))
				report.rows.push({
					path: from,
					name: fn.name,
					what: now.isStatic ? 'static' : 'global',
					text: now.isStatic
						? 'is static now'
						: 'is not static any more',
				});
		}
	// where did they go: one pass over the tree for all names
	const wanted = new Set(lost.map((l) => l.name));
	const found = new Map<string, string[]>();
	if (wanted.size > 0)
		for (const path of allSources(dir)) {
			const text = readSource(dir, path);
			if (text === null) continue;
			const here = new Set<string>();
			for (const m of text.matchAll(/\b(\w+)\(/g))
				if (wanted.has(m[1])) here.add(m[1]);
			if (here.size === 0) continue;
			const names = new Set(
				(tree.get(path) ?? readC(text)).functions.map((f) => f.name),
			);
			for (const name of here)
				if (names.has(name))
					found.set(name, [...(found.get(name) ?? []), path]);
		}
	for (const l of lost) {
		const places = (found.get(l.name) ?? []).filter((p) => p !== l.from);
		report.rows.push({
			path: l.from,
			name: l.name,
			what: places.length > 0 ? 'moved' : 'gone',
			text:
				places.length > 0
					? `is in ${places.slice(0, 3).join(', ')}`
					: 'no function of that name',
		});
	}
	for (const path of facts.keys()) {
		if (tree.has(path)) continue;
		const rows = report.rows.filter((r) => r.path === path && r.what === 'moved');
		const to = new Map<string, number>();
		for (const r of rows) {
			const p = r.text.replace(/^is in /, '').split(', ')[0];
			to.set(p, (to.get(p) ?? 0) + 1);
		}
		const best = [...to].sort((a, b) => b[1] - a[1])[0] as [string, number] | undefined;
		report.movedFiles.push({ path, to: best === undefined ? '' : best[0] });
	}
	report.rows.sort((a, b) =>
		a.path < b.path ? -1 : a.path > b.path ? 1 : a.name < b.name ? -1 : 1,
	);
	return report;
}

/** The comparison as text. */
export function printTree(report: TreeReport): string {
	const out = [`kernel: ${report.version}, ${report.files} of the files here`];
	for (const f of report.movedFiles)
		out.push(
			`${f.path}: not in this tree${f.to === '' ? '' : `, most of it is in ${f.to}`}`,
		);
	out.push(table(report.rows.map((r) => [`${r.path}`, r.name, r.what, r.text])));
	const n = (w: TreeRow['what']): number => report.rows.filter((r) => r.what === w).length;
	out.push(
		`kernel: ${report.same} functions under their name, ${n('signature')} with another signature, ${n('moved')} moved, ${n('gone')} gone, ${n('static') + n('global')} with another linkage; ${report.movedFiles.length} files gone`,
	);
	return out.join('\n');
}
