// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/net, /proc/sys/net and /sys/class/net for the real programs that `ip netns exec` starts. Their
 * arguments are rewritten to name files of the run's folder, which hold what the world has at that
 * moment; what is written there goes through the world's own files. A kernel's refusal cannot reach the
 * writer. A path that a program makes up itself, and what the calling shell opens or expands, is not seen.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { process } from '../lib/process.ts';
import { open_proc } from '../lib/procfs.ts';
import { decode, encode } from '../lib/file.ts';
import type { host_world } from './host_world.ts';

const mention = /(?<![\w./-])\/(?:proc\/(?:self\/)?net|proc\/sys\/net|sys\/class\/net)(?:\/[^\s'"`;|&<>()]*)?/g;

const device_files = [
	'address',
	'broadcast',
	'addr_len',
	'addr_assign_type',
	'ifindex',
	'iflink',
	'mtu',
	'flags',
	'type',
	'tx_queue_len',
	'operstate',
	'carrier',
	...['rx', 'tx'].flatMap((d) =>
		['bytes', 'packets', 'errors', 'dropped'].map((c) => `statistics/${d}_${c}`),
	),
];

interface mirrored {
	p: process;
	/** Real process that it was made for. */
	pid: number;
	path: string;
	text: string;
}

/** The files of a run. */
export class proc_mirror {
	readonly #world: host_world;
	readonly #dir: string;
	readonly #files = new Map<string, mirrored>();

	constructor(world: host_world, dir: string) {
		this.#world = world;
		this.#dir = dir;
	}

	/** Text of a file of the world, or null. */
	#text(p: process, path: string): string | null {
		const f = open_proc(p, path, 'r');
		if (f === null || typeof f === 'number') return null;
		const parts: Uint8Array[] = [];
		const buf = new Uint8Array(65536);
		for (;;) {
			const n = f.read(buf);
			if (n <= 0) break;
			parts.push(buf.slice(0, n));
		}
		f.close();
		return decode(Buffer.concat(parts));
	}

	#below(p: process, folder: string): string[] {
		const out: string[] = [];
		if (folder.startsWith('/proc/sys/net'))
			for (const key of p.netns.sysctls.keys()) out.push(`/proc/sys/${key}`);
		else if (folder.startsWith('/proc'))
			for (const key of ['dev', ...p.netns.proc_net.keys()]) out.push(`/proc/net/${key}`);
		else
			for (const dev of p.netns.dev_base_head)
				for (const file of device_files) out.push(`/sys/class/net/${dev.name}/${file}`);
		return out;
	}

	#put(root: string, p: process, pid: number, path: string): void {
		const host = root + path;
		const text = this.#text(p, path);
		const old = this.#files.get(host);
		if (text === null) {
			if (old !== undefined) rmSync(host, { force: true });
			this.#files.delete(host);
			return;
		}
		if (old !== undefined && old.text === text) {
			old.pid = pid;
			return;
		}
		mkdirSync(dirname(host), { recursive: true });
		writeFileSync(host, text);
		this.#files.set(host, { p, pid, path, text });
	}

	/**
	 * Rewrites the arguments of a command that is about to become real.
	 * @param token name of the namespace in the run's folder
	 */
	rewrite(p: process, token: string, argv: readonly string[]): string[] {
		const root = `${this.#dir}/ns/${token === '' ? '0' : token}`;
		const pid = this.#world.side?.pid_of(p) ?? 0;
		return argv.map((arg) =>
			arg.replace(mention, (found) => {
				const path = found.replace('/proc/self/net', '/proc/net');
				if (/[*?[$]/.test(path) || this.#text(p, path) === null)
					for (const f of this.#below(p, path)) this.#put(root, p, pid, f);
				else this.#put(root, p, pid, path);
				return root + path;
			}),
		);
	}

	/** Takes what was written since the last look; forgets what nobody can use any more. */
	take_writes(): void {
		for (const [host, f] of this.#files) {
			let now: string;
			try {
				now = readFileSync(host, 'utf8');
			} catch {
				this.#files.delete(host);
				continue;
			}
			if (now !== f.text) {
				const w = open_proc(f.p, f.path, 'w');
				if (w !== null && typeof w !== 'number') w.write(encode(now.trimEnd()));
				f.text = now;
			}
			if (!existsSync(`/proc/${f.pid}`)) {
				rmSync(host, { force: true });
				this.#files.delete(host);
			}
		}
	}

	/** Brings all files up to date before something real may read them. */
	refresh(): void {
		if (this.#files.size === 0) return;
		this.take_writes();
		for (const [host, f] of this.#files) {
			const text = this.#text(f.p, f.path);
			if (text === null || text === f.text) continue;
			f.text = text;
			writeFileSync(host, text);
		}
	}
}
