// SPDX-License-Identifier: GPL-2.0-only
// Nothing temporary is left, and no child, however the process ends.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import t from 'tap';

/** A program with a folder and a child that would outlive it; it says both, and stays. */
const program = `
	import { spawn } from 'node:child_process';
	import { ends_with_us, temporary } from ${JSON.stringify(new URL('temporary.ts', import.meta.url).href)};
	const dir = temporary('simns-temporary.');
	/* a child that SIGTERM does not end, as unshare --fork */
	const child = spawn('sh', ['-c', 'trap "" TERM INT; echo ready; while :; do sleep 0.1; done']);
	ends_with_us(child);
	child.stdout.once('data', () => console.log(JSON.stringify([dir, child.pid])));
`;

function there(pid: number): boolean {
	try {
		return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
	} catch {
		return false;
	}
}

async function gone(pid: number): Promise<boolean> {
	for (let i = 0; i < 100 && there(pid); i++) await new Promise((r) => setTimeout(r, 50));
	return !there(pid);
}

for (const [signal, rc] of [
	['SIGINT', 130],
	['SIGTERM', 143],
	['SIGHUP', 129],
] as const)
	await t.test(signal, async (t) => {
		const p = spawn(
			process.execPath,
			['--import=tsx', '--input-type=module', '-e', program],
			{ stdio: ['ignore', 'pipe', 'inherit'] },
		);
		const [dir, pid] = await new Promise<[string, number]>((said) =>
			p.stdout.once('data', (d: Buffer) =>
				said(JSON.parse(d.toString()) as [string, number]),
			),
		);
		t.ok(existsSync(dir), 'a folder');
		t.ok(there(pid), 'a child');
		p.kill(signal);
		t.equal(await new Promise((ended) => p.once('close', ended)), rc, 'exit code');
		t.notOk(existsSync(dir), 'the folder is gone');
		t.ok(await gone(pid), 'the child is gone');
	});
