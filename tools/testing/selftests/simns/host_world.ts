// SPDX-License-Identifier: GPL-2.0-only
/*
 * A world whose processes have clients on the host: they open the host's files, see the host's
 * programs through their client's PATH, and have the client's pid where a script asks for one.
 */
import { accessSync, constants, openSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { net } from '../../../../include/net/net_namespace.ts';
import type { file } from '../lib/file.ts';
import type { process, program, Task } from '../lib/process.ts';
import { World, type world_options } from '../lib/world.ts';
import { disk_file, errno_of } from './files.ts';

/** What the world asks of the server. */
export interface host_side {
	/** Folder of the shims. */
	readonly bin: string;
	/** Every command on the script's PATH. */
	readonly shims: ReadonlyMap<string, program>;
	/** Commands among them that need a process of their own. */
	readonly own_process: ReadonlySet<string>;
	/** PATH of the client behind a process, null when there is no client. */
	path_of(p: process): string | null;
	/** Pid of the client behind a process, null when there is none. */
	pid_of(p: process): number | null;
	/** Makes the client of a process become a real program when the process ends. */
	become(p: process, path: string, argv: readonly string[]): void;
	/** Real processes that live in a namespace. */
	pids_in(net: net): number[];
	/** A namespace is about to lose its name. */
	leaving(net: net): void;
}

function executable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return statSync(path).isFile();
	} catch {
		return false;
	}
}

/** The world of a run. */
export class host_world extends World {
	side: host_side | null = null;
	#asking: process | null = null;
	/** Processes that have run their first program. */
	readonly #begun = new WeakSet<process>();

	constructor(options: world_options) {
		super(options);
	}

	override *exec(p: process, argv: string[]): Task<number> {
		this.#asking = p;
		return yield* super.exec(p, argv);
	}

	override find_program(name: string): program | null {
		const p = this.#asking;
		const { side } = this;
		this.#asking = null;
		const first = p !== null && !this.#begun.has(p);
		if (p !== null) this.#begun.add(p);
		if (side === null || p === null) return super.find_program(name);
		const base = basename(name);
		const prog = side.shims.get(base);
		const shim = prog !== undefined && (!name.includes('/') || executable(resolve(p.cwd, name)));
		if (shim && !side.own_process.has(base)) return prog;
		if (shim && first && side.pid_of(p) !== null) return prog;
		const found = this.#find(p, name, shim ? join(side.bin, base) : null);
		if (found === null) return null;
		return function* (q: process, argv: string[]): Task<number> {
			side.become(q, found, argv);
			return 0;
		};
	}

	#find(p: process, name: string, shim: string | null): string | null {
		if (shim !== null) return shim;
		const path = this.side?.path_of(p) ?? null;
		if (path === null) return null;
		if (name.includes('/')) {
			const full = resolve(p.cwd, name);
			return executable(full) ? full : null;
		}
		for (const dir of path.split(':')) {
			const full = resolve(p.cwd, dir, name);
			if (dir !== this.side?.bin && executable(full)) return full;
		}
		return null;
	}

	override open(p: process, path: string, mode: 'r' | 'w' | 'a'): file | number {
		const std = /^(?:\/dev\/(?:null|stdin|stdout|stderr)|\/dev\/fd\/[012]|\/proc\/self\/fd\/[012])$/;
		const net = /^\/(?:proc\/(?:sys\/|net\/|self\/net\/|uptime$)|sys\/class\/net\/)/;
		if (std.test(path)) {
			const n = /\d$/.exec(path)?.[0];
			return super.open(p, n === undefined ? path : `/dev/std${['in', 'out', 'err'][Number(n)]}`, mode);
		}
		const full = resolve(p.cwd, path);
		if (net.test(full)) return super.open(p, full, mode);
		const pid = this.side?.pid_of(p) ?? null;
		const real =
			pid === null ? full : full.replace(/^\/(?:dev\/fd|proc\/self\/fd)\//, `/proc/${pid}/fd/`);
		try {
			const fd = openSync(
				real,
				mode === 'r'
					? constants.O_RDONLY | constants.O_NONBLOCK
					: constants.O_WRONLY |
							constants.O_CREAT |
							(mode === 'w' ? constants.O_TRUNC : constants.O_APPEND),
				0o666,
			);
			return p.hold(new disk_file(full, fd));
		} catch (e) {
			return errno_of(e);
		}
	}

	override pids_in(net: net): number[] {
		return this.side?.pids_in(net) ?? super.pids_in(net);
	}

	override del_netns(name: string): boolean {
		const net = this.netns.get(name);
		if (net !== undefined) this.side?.leaving(net);
		return super.del_netns(name);
	}
}

/** Folder that a script wants to be run in: its own when it lies in a kernel tree. */
export function script_folder(script: string): string | null {
	const full = resolve(script);
	return full.includes('/tools/testing/selftests/') ? dirname(full) : null;
}
