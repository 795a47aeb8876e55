// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds functions of the port in its source files: line, and the kernel line that their docstring names.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A function found. */
export interface source_place {
	/** `net/core/dev.ts:318`, without a line when the sources are not there. */
	port: string;
	/** `net/core/dev.c:846 patch 3/9`, or ''. */
	kernel: string;
	/** The line itself, without its indentation. */
	code: string;
}

function root_of(start: string): string | null {
	for (let dir = start; ; dir = dirname(dir)) {
		if (existsSync(join(dir, 'net/netfilter/nf_flow_table_ip.ts'))) return dir;
		if (dirname(dir) === dir) return null;
	}
}

/** Folder of the sources above this file, or null. */
export const source_root = root_of(import.meta.dirname);

const read = new Map<string, string[]>();

function lines_of(file: string): string[] | null {
	if (source_root === null) return null;
	let lines = read.get(file);
	if (lines === undefined) {
		const path = join(source_root, file);
		if (!existsSync(path)) return null;
		lines = readFileSync(path, 'utf8').split('\n');
		read.set(file, lines);
	}
	return lines;
}

/**
 * Finds a line of a function.
 * @param file of the port, from its root
 * @param fn the function's name
 * @param at text in the line; '' for the function's first line
 * @returns null when there is no such line
 */
export function find_place(file: string, fn: string, at = ''): source_place | null {
	const lines = lines_of(file);
	if (lines === null) return { port: file, kernel: '', code: '' };
	const start = lines.findIndex((l) => new RegExp(`^(?:export )?function ${fn}\\b`).test(l));
	if (start < 0) return null;
	const tag = lines
		.slice(Math.max(0, start - 16), start)
		.reverse()
		.find((l) => l.includes('@kernel'));
	const end = lines.indexOf('}', start);
	/* a mark may stand in the docstring */
	const found =
		at === '' ? start : lines.findIndex((l, i) => i >= start && i <= end && l.includes(at));
	if (found < 0) return null;
	return {
		port: `${file}:${found + 1}`,
		kernel: tag === undefined ? '' : tag.replace(/^.*@kernel /, ''),
		code: lines[found].trim(),
	};
}
