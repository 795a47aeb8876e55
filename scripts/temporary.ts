// SPDX-License-Identifier: GPL-2.0-only
// What may not outlive the process: temporary folders and children.

import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const children = new Set<ChildProcess>();
const folders = new Set<string>();
let watching = false;

function clean(): void {
	for (const c of children) c.kill('SIGKILL');
	for (const f of folders) rmSync(f, { recursive: true, force: true });
}

/** Sees to the end of the process, however it comes. */
function watch(): void {
	if (watching) return;
	watching = true;
	process.once('exit', clean);
	for (const [signal, number] of [
		['SIGINT', 2],
		['SIGTERM', 15],
		['SIGHUP', 1],
	] as const)
		process.once(signal, () => {
			process.exit(128 + number);
		});
}

/** A folder among the system's temporary files, its name starting with `prefix`; it is gone when the process is. */
export function temporary(prefix: string): string {
	watch();
	const dir = mkdtempSync(join(tmpdir(), prefix));
	folders.add(dir);
	return dir;
}

/** Removes a temporary folder before the end. */
export function remove(dir: string): void {
	rmSync(dir, { recursive: true, force: true });
	folders.delete(dir);
}

/** Ends a child, if it still runs, when the process ends. */
export function ends_with_us(child: ChildProcess): void {
	watch();
	children.add(child);
	child.once('close', () => children.delete(child));
	child.once('error', () => children.delete(child));
}
