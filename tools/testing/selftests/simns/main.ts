// SPDX-License-Identifier: GPL-2.0-only
/*
 * simns: runs a script, a shell or a command of the host in a world of its own.
 *
 *   simns run [--seed N] [--pcap DIR] [--timeout S] [--trace FILE] SCRIPT [ARGS...]
 *   simns shell [options]
 *   simns exec [options] -- CMD [ARGS...]
 */
import '../lib/short_run.ts';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, resolve } from 'node:path';
import nodeprocess from 'node:process';
import { script_folder } from './host_world.ts';
import { type run_settings, simns_server } from './server.ts';
import { interpreter, text_around } from './settings.ts';

const USAGE = `Usage: simns run [options] SCRIPT [ARGS...]
       simns shell [options]
       simns exec [options] -- CMD [ARGS...]
  --seed N        seed of everything random (default 1)
  --pcap DIR      one capture for each device and namespace
  --timeout S     end the run after S seconds of wall clock (exit code 124)
  --trace FILE    one line for each command: time, pid, namespace, command, exit code, cost
`;

class usage_error extends Error {}

function number_of(option: string, text: string | undefined): number {
	const n = Number(text);
	if (text === undefined || text === '' || !Number.isFinite(n) || n < 0)
		throw new usage_error(`not a number: ${option} ${text ?? ''}`);
	return n;
}

function parse(args: readonly string[]): run_settings {
	const s: run_settings = {
		seed: 1,
		pcap: null,
		timeout_s: 0,
		trace: null,
		argv: [],
		cwd: null,
		interactive: false,
		script_text: '',
		stdio: 'inherit',
	};
	const mode = args[0];
	if (mode !== 'run' && mode !== 'shell' && mode !== 'exec')
		throw new usage_error(mode === undefined ? 'what to do?' : `not known: ${mode}`);
	let i = 1;
	for (; i < args.length; i++) {
		const m = /^(--(?:seed|pcap|timeout|trace))(?:=(.*))?$/s.exec(args[i]);
		if (m === null) break;
		const value = m[2] ?? args[++i];
		if (m[1] === '--seed') s.seed = number_of(m[1], value);
		else if (m[1] === '--timeout') s.timeout_s = number_of(m[1], value);
		else if (value === undefined || value === '') throw new usage_error(`${m[1]} of what?`);
		else if (m[1] === '--pcap') s.pcap = resolve(value);
		else s.trace = resolve(value);
	}
	if (!Number.isSafeInteger(s.seed)) throw new usage_error(`not a number: --seed ${s.seed}`);
	if (args[i] === '--') i++;
	else if (args[i]?.startsWith('-')) throw new usage_error(`not known: ${args[i]}`);
	const rest = args.slice(i);
	if (mode === 'shell') {
		if (rest.length > 0) throw new usage_error(`not known: ${rest[0]}`);
		s.argv = ['bash', '--norc', '-i'];
		s.interactive = true;
	} else if (rest.length === 0) throw new usage_error(mode === 'run' ? 'run what?' : 'what command?');
	else if (mode === 'exec') s.argv = rest;
	else {
		const script = resolve(rest[0]);
		if (!existsSync(script)) throw new usage_error(`no such script: ${rest[0]}`);
		s.script_text = text_around(script);
		s.cwd = script_folder(script);
		const name = s.cwd === null ? rest[0] : `./${basename(script)}`;
		s.argv = [...interpreter(s.script_text), name, ...rest.slice(1)];
	}
	return s;
}

async function main(): Promise<number> {
	let server: simns_server;
	try {
		server = new simns_server(parse(nodeprocess.argv.slice(2)));
	} catch (e) {
		if (!(e instanceof Error)) throw e;
		nodeprocess.stderr.write(`simns: ${e.message}\n${e instanceof usage_error ? USAGE : ''}`);
		return 2;
	}
	for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)
		nodeprocess.on(name, () => server.signal(constants.signals[name]));
	try {
		return await server.run();
	} catch (e) {
		nodeprocess.stderr.write(`simns: ${e instanceof Error ? (e.stack ?? e.message) : String(e)}\n`);
		server.clean();
		return 125;
	}
}

void main().then((rc) => {
	nodeprocess.exitCode = rc;
});
