// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server of a run: owns the world, starts the script on a PATH of shims, and runs what their clients
 * ask for as processes of the world.
 *
 * The world stands still while anything real runs. Only when every process of the script sleeps
 * (quiescence.ts) are requests taken, in the order in which the script made their processes, and only
 * when that has woken nobody does virtual time move on to the next event.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
	chmodSync,
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readFileSync,
	readlinkSync,
	rmSync,
	symlinkSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import nodeprocess from 'node:process';
import { fileURLToPath } from 'node:url';
import { add_wait_queue } from '../../../../include/linux/wait.ts';
import type { net } from '../../../../include/net/net_namespace.ts';
import { decode, type file } from '../lib/file.ts';
import { NSEC_PER_MSEC, NSEC_PER_SEC, type process, SIGINT, SIGKILL, SIGPIPE } from '../lib/process.ts';
import { capture_all } from './capture.ts';
import { type client_link, local_file, open_standard, remote_input, remote_output } from './files.ts';
import { frame, read_strings, strings, u8 } from './frames.ts';
import { type host_side, host_world } from './host_world.ts';
import { own_process, readers, type real_side, shim_programs, write_chance } from './programs.ts';
import type { script_process } from './pkill.ts';
import { poll_watch } from './poll.ts';
import { process_table } from './quiescence.ts';
import { proc_mirror } from './mirror.ts';

/** How a run is asked for. */
export interface run_settings {
	seed: number;
	/** Folder for captures, or null. */
	pcap: string | null;
	/** Wall-clock seconds, or 0 for no limit. */
	timeout_s: number;
	/** File for one line a request, or null. */
	trace: string | null;
	/** Command to run: a program and its arguments. */
	argv: string[];
	/** Folder it is run in, or null for the present one. */
	cwd: string | null;
	/** It is an interactive shell: it keeps the terminal. */
	interactive: boolean;
	/** Text that is searched for what bash reads the clock by. */
	script_text: string;
	/** Standard files of the script: our own, or open descriptors. */
	stdio: 'inherit' | readonly ['ignore' | number, number, number];
}

const MAX_FRAME = 1 << 26;
/** Virtual time that goes by freely while every program waits for something without an end, ns. */
const IDLE_NS = 300 * NSEC_PER_SEC;
const cell = new Int32Array(new SharedArrayBuffer(4));

/** Where a command is on this process's own PATH, or null. */
function real_path(name: string): string | null {
	for (const dir of (nodeprocess.env['PATH'] ?? '').split(':')) {
		const path = join(dir, name);
		if (existsSync(path)) return path;
	}
	return null;
}

/**
 * Puts a command where it cannot write to the settings of this machine's own network, as root could: a shell opens
 * what it redirects to by itself, and nothing here sees it.
 * @returns the command line to start; the one given when this is not root, or root without mount namespaces
 */
function guarded(argv: readonly string[]): readonly string[] {
	const [unshare, mount, sh] = ['unshare', 'mount', 'sh'].map(real_path);
	const there = argv[0].includes('/') ? existsSync(argv[0]) : real_path(argv[0]) !== null;
	if (nodeprocess.geteuid?.() !== 0 || unshare === null || mount === null || sh === null || !there) return argv;
	if (spawnSync(unshare, ['--mount', 'true']).status !== 0) return argv;
	const net = '/proc/sys/net';
	const guard = `{ ${quote([mount])} --bind ${net} ${net} && ${quote([mount])} -o remount,bind,ro ${net}; } 2> /dev/null; exec "$@"`;
	return [unshare, '--mount', sh, '-c', guard, 'sh', ...argv];
}

function nap(ms: number): void {
	Atomics.wait(cell, 0, 0, ms);
}

function turn(): Promise<void> {
	return new Promise((done) => {
		setImmediate(done);
	});
}

function quote(words: readonly string[]): string {
	return words
		.map((w) => (/^[\w@%+=:,./-]+$/.test(w) ? w : `'${w.replaceAll("'", "'\\''")}'`))
		.join(' ');
}

interface message {
	type: string;
	payload: Buffer;
}

/** One shim that is connected. */
class client implements client_link {
	readonly sock: Socket;
	pid = -1;
	path = '';
	p: process | null = null;
	inbox: message[] = [];
	#rx: Buffer = Buffer.alloc(0);
	out: Buffer[] = [];
	gone = false;
	/** Its end was sent. */
	ended = false;
	catches = 0;
	stdin: file | null = null;
	stdout: file | null = null;
	stderr: file | null = null;
	/** What it becomes when its process ends. */
	exec: { path: string; argv: readonly string[]; env: string[] } | null = null;
	chance: string | null = null;
	die = 0;
	child = -1;
	status: number | null = null;
	/** Virtual time that a look at the clock waits first, ns. */
	wait_ns = 0;
	began = 0;
	line = '';
	token = '';

	constructor(sock: Socket) {
		this.sock = sock;
	}

	send(data: Buffer): void {
		if (!this.gone && !this.ended) this.out.push(data);
	}

	/** Part of a frame has come, the rest not. */
	get partial(): boolean {
		return this.#rx.length > 0 || (this.pid < 0 && this.inbox.length === 0 && !this.gone);
	}

	/**
	 * Takes bytes in.
	 * @returns false when they are no frames
	 */
	take(data: Buffer): boolean {
		let b = this.#rx.length === 0 ? data : Buffer.concat([this.#rx, data]);
		while (b.length >= 5) {
			const n = b.readUInt32BE(0);
			if (n > MAX_FRAME) return false;
			if (b.length < 5 + n) break;
			this.inbox.push({ type: String.fromCharCode(b[4]), payload: b.subarray(5, 5 + n) });
			b = b.subarray(5 + n);
		}
		this.#rx = b;
		return true;
	}
}

/** A run. */
export class simns_server implements host_side, real_side {
	readonly #s: run_settings;
	readonly dir: string;
	readonly bin: string;
	readonly world: host_world;
	readonly shims: ReturnType<typeof shim_programs>;
	readonly own_process = own_process;
	readonly #server: Server;
	readonly #clients = new Set<client>();
	readonly #by_process = new Map<process, client>();
	readonly #mirror: proc_mirror;
	readonly #polls = new poll_watch();
	readonly #unsupported: string[] = [];
	#table: process_table | null = null;
	#child: ChildProcess | null = null;
	#watcher: ChildProcess | null = null;
	/** Something may run: nothing is taken before all sleep again. */
	#dirty = true;
	/** Counts what came from outside. */
	#events = 0;
	/** Steps of programs since somebody was told something. */
	#steps = 0;
	#wake: (() => void) | null = null;
	#exit: { code: number | null; signal: NodeJS.Signals | null } | null = null;
	#killed_by = 0;
	#timed_out = false;
	#busy_since = 0;
	#busy_cpu = 0;
	#tries = 0;
	#idle_since = 0;
	#nets: net[] = [];
	/** Namespaces without a name that a real process is still in. */
	readonly #leaving = new Set<net>();
	/** Signals to be sent to real processes. */
	#kills: { pid: number; signal: number }[] = [];
	#chance_files = 0;
	#clock_text = '';
	readonly #clock: boolean;
	#trace_fd = -1;
	#captures: (() => void) | null = null;

	constructor(s: run_settings) {
		this.#s = s;
		/* the name of a socket is no longer than this, and what scripts are told to open is told without quotes */
		const tmp = /^[\w./-]{1,79}$/.test(tmpdir()) ? tmpdir() : '/tmp';
		this.dir = join(tmp, `simns.${randomBytes(9).toString('base64url')}`);
		/* who takes the folder away is there before it */
		this.#watch();
		mkdirSync(this.dir, { mode: 0o700 });
		this.bin = join(this.dir, 'bin');
		this.world = new host_world({ seed: s.seed });
		/* a host that has booted has it up */
		this.world.must('ip link set lo up');
		this.shims = shim_programs(this);
		this.world.side = this;
		this.#mirror = new proc_mirror(this.world, this.dir);
		this.#clock = /\b(?:SECONDS|EPOCHSECONDS|EPOCHREALTIME)\b/.test(s.script_text);
		this.#make_bin();
		this.#server = createServer((sock) => this.#accept(sock));
		if (s.trace !== null) this.#trace_fd = openSync(s.trace, 'w');
		if (s.pcap !== null) this.#captures = capture_all(this.world, s.pcap);
	}

	#make_bin(): void {
		mkdirSync(this.bin);
		const perl = real_path('perl');
		if (perl === null) throw new Error('perl is needed for the shims: apt-get install perl-base');
		const text = readFileSync(fileURLToPath(new URL('./client.pl', import.meta.url)), 'latin1');
		const client_path = join(this.dir, 'client');
		writeFileSync(client_path, text.replace('#!/usr/bin/perl', `#!${perl}`), 'latin1');
		chmodSync(client_path, 0o700);
		for (const name of this.shims.keys()) symlinkSync('../client', join(this.bin, name));
		/* a shell that looks at the arguments starts in a tenth of the client's time */
		for (const name of readers) {
			const at = real_path(name);
			if (at === null) continue;
			const path = join(this.bin, name);
			writeFileSync(
				path,
				`#!/bin/sh\ncase " $*" in *" /proc/net"*|*" /proc/self/net"*|*" /proc/sys/net"*|*" /sys/class/net"*)\n` +
					`\texec ${this.bin}/simns-here ${name} "$@";;\nesac\n` +
					/* awk may start others, which are to be found where they are for the script */
					(name === 'awk'
						? `exec ${quote([at])} "$@"\n`
						: `PATH=${quote([dirname(at)])} exec ${name} "$@"\n`),
			);
			chmodSync(path, 0o700);
		}
		let rc = `RANDOM=${(this.#s.seed * 4) >>> 0}\n`;
		if (this.#clock) {
			/* bash's own clocks as plain variables that follow the world's clock before each command */
			rc +=
				`unset SECONDS EPOCHSECONDS EPOCHREALTIME\nread -r simns_then simns_real < ${this.dir}/clock\n` +
				'SECONDS=0 EPOCHSECONDS=$simns_then EPOCHREALTIME=$simns_real\nset -T\n' +
				`trap '{ read -r EPOCHSECONDS EPOCHREALTIME < ${this.dir}/clock; } 2>/dev/null && ` +
				"SECONDS=$((SECONDS + EPOCHSECONDS - simns_then)) simns_then=$EPOCHSECONDS' DEBUG\n";
		}
		writeFileSync(join(this.dir, 'bashenv'), rc);
		this.#write_clock();
	}

	#write_clock(): void {
		if (!this.#clock) return;
		const now = this.world.realtime_ns();
		const s = Math.floor(now / NSEC_PER_SEC);
		const us = String(Math.floor((now - s * NSEC_PER_SEC) / 1000)).padStart(6, '0');
		const text = `${s} ${s}.${us}\n`;
		if (text === this.#clock_text) return;
		this.#clock_text = text;
		writeFileSync(join(this.dir, 'clock'), text);
	}

	/* the real side of programs */

	path_of(p: process): string | null {
		return this.#by_process.get(p)?.path ?? null;
	}

	pid_of(p: process): number | null {
		return this.#by_process.get(p)?.pid ?? null;
	}

	#token(net: net): string {
		if (net === this.world.init_net) return '';
		let i = this.#nets.indexOf(net);
		if (i < 0) i = this.#nets.push(net) - 1;
		return String(i + 1);
	}

	become(p: process, path: string, argv: readonly string[]): void {
		const c = this.#by_process.get(p);
		if (c === undefined) return;
		const token = this.#token(p.netns);
		const args = this.#mirror.rewrite(p, token, argv);
		const env = [token === '' ? 'SIMNS_NETNS' : `SIMNS_NETNS=${token}`];
		env.push(p.vrf === null ? 'SIMNS_VRF' : `SIMNS_VRF=${p.vrf}`);
		c.exec = { path, argv: args, env };
	}

	poll_ns(p: process): number {
		return this.#by_process.get(p)?.wait_ns ?? 0;
	}

	give_chance(p: process, bytes: number): void {
		const c = this.#by_process.get(p);
		if (c === undefined) return;
		const path = join(this.dir, `chance.${++this.#chance_files}`);
		write_chance(path, bytes, () => this.world.random_u32());
		c.chance = path;
	}

	run_child(p: process, argv: readonly string[], foreground: boolean): void {
		const c = this.#by_process.get(p);
		c?.send(frame('T', strings([foreground ? '1' : '', ...argv])));
	}

	child_status(p: process): number | null {
		const c = this.#by_process.get(p);
		return c === undefined ? 0 : c.status;
	}

	kill_child(p: process, signal: number, group: boolean): void {
		const c = this.#by_process.get(p);
		if (c === undefined || c.child <= 0) return;
		for (const pid of group ? [c.child, -c.pid] : [c.child]) this.#kills.push({ pid, signal });
	}

	send_signal(pid: number, signal: number): void {
		if (this.#table?.procs.has(pid) === true) this.#kills.push({ pid, signal });
	}

	script_processes(): script_process[] {
		const table = this.#table;
		if (table === null) return [];
		table.refresh();
		const clients = new Map([...this.#clients].map((c) => [c.pid, c]));
		const out: script_process[] = [];
		for (const pid of [...table.procs.keys()].sort((a, b) => table.compare(a, b))) {
			const p = clients.get(pid)?.p ?? null;
			try {
				const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
				const end = stat.lastIndexOf(')');
				const [state, ppid, pgrp, sid] = stat.slice(end + 2).split(' ', 4);
				if (state === 'Z') continue;
				const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').slice(0, -1);
				const alive = p !== null && p.exit_code === null;
				out.push({
					pid,
					ppid: Number(ppid),
					pgrp: Number(pgrp),
					sid: Number(sid),
					name: alive ? basename(p.argv[0] ?? '') : stat.slice(stat.indexOf('(') + 1, end),
					argv: alive ? p.argv : words,
				});
			} catch {
				/* gone */
			}
		}
		return out;
	}

	die(p: process, signal: number): void {
		const c = this.#by_process.get(p);
		if (c !== undefined) c.die = signal;
	}

	/* namespaces */

	#real_in(token: string): number[] {
		const out: number[] = [];
		if (this.#table === null || token === '') return out;
		this.#table.refresh();
		for (const pid of this.#table.procs.keys()) {
			try {
				const env = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
				if (env.includes(`SIMNS_NETNS=${token}`)) out.push(pid);
			} catch {
				/* gone */
			}
		}
		return out;
	}

	pids_in(net: net): number[] {
		const pids = new Set(this.#real_in(this.#token(net)));
		for (const c of this.#clients) {
			if (c.p === null || c.gone) continue;
			if (c.p.netns === net && c.p.exit_code === null) pids.add(c.pid);
			else pids.delete(c.pid);
		}
		return [...pids].sort((a, b) => this.#table?.compare(a, b) ?? a - b);
	}

	stays(net: net): void {
		if (this.#leaving.has(net)) return;
		this.world.get_net(net);
		this.#leaving.add(net);
		this.#token(net);
	}

	leaving(net: net): void {
		if (this.#leaving.has(net) || this.#real_in(this.#token(net)).length === 0) return;
		this.world.get_net(net);
		this.#leaving.add(net);
	}

	#let_leave(): void {
		for (const net of this.#leaving)
			if (this.#real_in(this.#token(net)).length === 0) {
				this.#leaving.delete(net);
				this.world.put_net(net);
			}
	}

	/* clients */

	#event(): void {
		this.#events++;
		this.#wake?.();
	}

	#accept(sock: Socket): void {
		const c = new client(sock);
		this.#clients.add(c);
		this.#dirty = true;
		this.#event();
		sock.on('data', (data) => {
			this.#dirty = true;
			if (!c.take(data)) sock.destroy();
			if (!c.ended) this.#event();
		});
		sock.on('error', () => {
			/* close follows */
		});
		/* the end of what it says is its end; 'close' would come some turns of the event loop later */
		const gone = (): void => {
			if (c.gone) return;
			c.gone = true;
			sock.destroy();
			if (c.ended) this.#forget(c);
			else this.#event();
		};
		sock.on('end', gone);
		sock.on('close', gone);
	}

	#forget(c: client): void {
		this.#clients.delete(c);
		if (c.p !== null) this.#by_process.delete(c.p);
	}

	*#open_files(): Generator<local_file> {
		for (const c of this.#clients)
			for (const f of [c.stdin, c.stdout, c.stderr]) if (f instanceof local_file && !c.gone) yield f;
	}

	#hello(c: client, payload: Buffer): void {
		const [pid, token, vrf, path, ...argv] = read_strings(payload);
		if (argv.length === 0 || c.p !== null) {
			c.sock.destroy();
			return;
		}
		c.pid = Number(pid);
		c.path = path;
		c.token = token;
		c.line = quote(argv);
		c.began = performance.now();
		const net = token === '' ? this.world.init_net : this.#nets[Number(token) - 1];
		c.stdin = open_standard(c, 0, this.#open_files());
		c.stdout = open_standard(c, 1, this.#open_files());
		c.stderr = open_standard(c, 2, this.#open_files());
		this.#mirror.take_writes();
		const p = this.world.start(
			argv,
			net ?? this.world.init_net,
			c.stdin,
			c.stdout,
			this.#heard(c.stderr),
		);
		p.real_pid = c.pid;
		if (vrf !== '') p.vrf = vrf;
		try {
			p.cwd = readlinkSync(`/proc/${c.pid}/cwd`);
		} catch {
			/* gone already: its end is the next message */
		}
		if (basename(argv[0]) === 'date') c.wait_ns = this.#polls.look(c.line, this.world.m.now_ns);
		else this.#polls.command(c.line);
		const tmp = nodeprocess.env['TMPDIR'];
		if (tmp !== undefined) p.env.set('TMPDIR', tmp);
		c.p = p;
		this.#by_process.set(p, c);
		add_wait_queue(p.exit_wq, () => this.#ended(c, p));
	}

	/** Standard error that also tells us what is not there. */
	#heard(f: file): file {
		const note = (data: Uint8Array): void => {
			if (data.length > 22 && data[0] === 0x73 && data[1] === 0x69)
				for (const m of decode(data).matchAll(/^simns: unsupported: (.*)$/gm))
					if (!this.#unsupported.includes(m[1])) this.#unsupported.push(m[1]);
		};
		const write = f.write.bind(f);
		f.write = (data) => {
			note(data);
			return write(data);
		};
		const push = f.push?.bind(f);
		if (push !== undefined)
			f.push = (data) => {
				note(data);
				push(data);
			};
		return f;
	}

	#ended(c: client, p: process): void {
		if (this.#trace_fd >= 0 && c.line !== '') {
			const t = ((this.world.m.now_ns - 300e9) / 1e9).toFixed(6);
			const ns = this.world.netns_name(p.netns) ?? '-';
			const cost = (performance.now() - c.began).toFixed(1);
			const rc = c.exec !== null ? `exec ${c.exec.path}` : `rc ${p.exit_code}`;
			const { line } = c;
			c.line = '';
			writeSync(this.#trace_fd, `${t} ${p.pid} ${ns} ${line} # ${rc}, ${cost} ms\n`);
		}
		if (c.ended || c.gone) return;
		for (const [fd, f] of [c.stdin, c.stdout, c.stderr].entries()) this.#sync(c, fd, f);
		const signal = c.die !== 0 ? c.die : p.term_signal;
		if (signal !== 0) c.send(frame('S', u8(signal)));
		else if (c.chance !== null) c.send(frame('U', c.chance));
		else if (c.exec !== null)
			c.send(
				frame(
					'E',
					strings([
						`exec of "${c.exec.argv[0]}" failed`,
						String(c.exec.env.length),
						...c.exec.env,
						c.exec.path,
						...c.exec.argv,
					]),
				),
			);
		else c.send(frame('X', u8(p.exit_code ?? 0)));
		c.ended = true;
	}

	/** Lets a client set its position in a file that was read or written here. */
	#sync(c: client, fd: number, f: file | null): boolean {
		if (!(f instanceof local_file) || !f.dirty) return false;
		f.dirty = false;
		c.send(frame('L', Buffer.concat([u8(fd), Buffer.from(String(f.pos))])));
		return true;
	}

	#apply(c: client, m: message): void {
		const { p } = c;
		if (m.type === 'H') {
			this.#hello(c, m.payload);
			return;
		}
		if (p === null || p.exit_code !== null) return;
		switch (m.type) {
			case 'r':
				if (c.stdin instanceof remote_input) c.stdin.feed(m.payload[0], m.payload.subarray(1));
				break;
			case 'w': {
				const f = m.payload[0] === 1 ? c.stdout : c.stderr;
				if (f instanceof remote_output) f.ack(m.payload.readUInt32BE(1), m.payload.readUInt32BE(5));
				break;
			}
			case 's':
				this.world.kill(p, m.payload[0]);
				break;
			case 't':
				c.child = m.payload.readUInt32BE(0);
				break;
			case 'd':
				c.status = m.payload.readUInt32BE(0);
				p.wake();
				break;
		}
	}

	/** Clients whose programs run. */
	#running(): boolean {
		for (const c of this.#clients) if (!c.ended && !c.gone) return true;
		return false;
	}

	/* the loop */

	/** Waits for something from outside, at most some ms when given. */
	#outside(ms = 0): Promise<void> {
		return new Promise((done) => {
			const timer = ms > 0 ? setTimeout(() => this.#wake?.(), ms) : null;
			this.#wake = () => {
				this.#wake = null;
				if (timer !== null) clearTimeout(timer);
				done();
			};
		});
	}

	/**
	 * Proves that all sleep and all they said has come.
	 * @returns 'busy' when not, 'spin' when something runs on and on
	 */
	async #quiet(): Promise<'quiet' | 'busy' | 'spin'> {
		const table = this.#table;
		if (table === null) return 'busy';
		const before = this.#events;
		let still = table.first_look() && table.second_look();
		for (let i = 0; i < 2 && still; i++) {
			await turn();
			if (this.#events !== before) still = false;
		}
		for (const c of this.#clients) if (c.partial) still = false;
		if (still) {
			this.#dirty = false;
			this.#tries = 0;
			this.#busy_since = 0;
			return 'quiet';
		}
		const now = performance.now();
		if (this.#busy_since === 0) {
			this.#busy_since = now;
			this.#busy_cpu = table.cpu();
		} else if (now - this.#busy_since > 3000) {
			table.refresh();
			const burnt = (table.cpu() - this.#busy_cpu) * 10;
			if (burnt > 2000 || now - this.#busy_since > 30000) return 'spin';
		}
		this.#tries++;
		if (this.#tries < 4) {
			/* who has just asked is about to sleep */
		} else if (this.#tries < 12) nap(0.2);
		else await this.#outside(this.#tries < 50 ? 1 : 3);
		await turn();
		return 'busy';
	}

	#take(): void {
		const ready = [...this.#clients].filter((c) => c.inbox.length > 0 || (c.gone && !c.ended));
		const table = this.#table;
		const order = (c: client): number =>
			c.pid >= 0 ? c.pid : Number(read_strings(c.inbox[0].payload)[0]);
		const keyed = ready
			.filter((c) => c.pid >= 0 || c.inbox.length > 0)
			.map((c) => ({ c, pid: order(c) }));
		keyed.sort((a, b) => table?.compare(a.pid, b.pid) ?? a.pid - b.pid);
		const rank = (m: message): number => (m.type === 's' || m.type === 'd' ? 0 : m.type === 'H' ? 2 : 1);
		/* what a client said before it went counts; then ends, signals, data, new ones */
		for (const r of [0, 1, 2]) {
			for (const { c } of keyed) {
				const now = c.inbox.filter((m) => rank(m) === r);
				c.inbox = c.inbox.filter((m) => rank(m) !== r);
				for (const m of now) this.#apply(c, m);
			}
			if (r === 0)
				for (const c of ready)
					if (c.gone) {
						for (const m of c.inbox) if (m.type !== 'H') this.#apply(c, m);
						c.inbox = [];
						this.#lost(c);
					}
		}
	}

	/** A client is gone: what it stood for ends. */
	#lost(c: client): void {
		const { p } = c;
		c.ended = true;
		if (p !== null && p.exit_code === null) this.world.kill(p, SIGKILL);
		this.#forget(c);
	}

	/** Somebody has something to hear. */
	#loud(): boolean {
		for (const c of this.#clients) if (c.out.length > 0) return true;
		return this.#kills.length > 0;
	}

	#flush(): boolean {
		for (const c of this.#clients)
			if (c.p !== null && c.p.handlers.size !== c.catches && !c.ended) {
				c.catches = c.p.handlers.size;
				for (const n of c.p.handlers.keys()) if (n < 16 && n !== SIGPIPE) c.send(frame('K', u8(n)));
			}
		const loud = [...this.#clients].filter((c) => c.out.length > 0);
		if (loud.length === 0 && this.#kills.length === 0) return false;
		for (const f of this.#open_files()) f.flush();
		/* positions of files first: who is woken may look at them, who is killed cannot set them */
		let synced = false;
		for (const c of this.#clients) {
			if (c.ended || c.gone) continue;
			for (const [fd, f] of [c.stdin, c.stdout, c.stderr].entries())
				if (this.#sync(c, fd, f)) {
					synced = true;
					c.sock.write(c.out.pop()!);
				}
		}
		this.#dirty = true;
		if (synced) return true;
		this.#write_clock();
		this.#mirror.refresh();
		for (const c of loud) {
			if (!c.gone) c.sock.write(c.out.length === 1 ? c.out[0] : Buffer.concat(c.out));
			c.out = [];
		}
		for (const { pid, signal } of this.#kills.splice(0))
			try {
				nodeprocess.kill(pid, signal);
			} catch {
				/* gone */
			}
		return true;
	}

	/** At its prompt: the shell waits for the user, and time goes as the user's does. */
	#at_prompt(): boolean {
		if (!this.#s.interactive) return false;
		const shell = this.#table?.procs.get(this.#child?.pid ?? -1);
		return shell !== undefined && shell.tpgid === shell.pgrp;
	}

	/**
	 * Lets the world run until it has something to say.
	 * @returns ms of wall clock to wait before more, 0 when there is nothing to wait for
	 */
	async #run(creep: boolean): Promise<number> {
		const { world } = this;
		const { m } = world;
		let began = performance.now();
		const step = creep ? 100 : this.#at_prompt() ? 10 : Infinity;
		const limit = m.now_ns + step * NSEC_PER_MSEC;
		/* where programs go on and on, who has something to hear hears it: when is virtual, how long we look is not */
		const since = m.now_ns;
		const enough = (): boolean => {
			if ((++this.#steps & 63) !== 0) return false;
			if (m.now_ns - since > NSEC_PER_MSEC && this.#loud()) return true;
			return m.now_ns >= limit || performance.now() - began > 20;
		};
		for (;;) {
			const done = world.settle(enough);
			if (done || m.now_ns - since > NSEC_PER_MSEC)
				if (this.#flush()) {
					this.#steps = 0;
					return 0;
				}
			if (this.#dirty || !this.#running()) return 0;
			if (performance.now() - began > 20) {
				const before = this.#events;
				await turn();
				began = performance.now();
				if (this.#events !== before || this.#exit !== null || this.#killed_by !== 0) return 0;
			}
			if (!done && m.now_ns < limit) continue;
			let finite = false;
			for (const c of this.#clients)
				if (c.p !== null && !c.ended && c.p.deadline_ns !== Infinity) finite = true;
			if (finite) this.#idle_since = m.now_ns;
			else if (m.now_ns - this.#idle_since > IDLE_NS) {
				/* all wait for others: time goes on, but does not run away */
				m.advance(m.now_ns + NSEC_PER_SEC);
				world.settle(enough);
				return this.#flush() ? 0 : 20;
			}
			if (m.now_ns >= limit) return 10;
			if (!m.advance(limit) && limit === Infinity) return 1000;
		}
	}

	async #loop(): Promise<void> {
		for (;;) {
			if (this.#exit !== null) return;
			const waiting = [...this.#clients].some((c) => c.inbox.length > 0 || (c.gone && !c.ended));
			if (!waiting && !this.#running()) {
				await this.#outside();
				continue;
			}
			let creep = false;
			if (this.#dirty) {
				const state = await this.#quiet();
				if (state === 'busy') continue;
				creep = state === 'spin';
			}
			this.#take();
			if (this.#leaving.size > 0) this.#let_leave();
			this.#dirty = false;
			const ms = await this.#run(creep);
			if (creep) this.#dirty = true;
			if (ms > 0) await this.#outside(ms);
		}
	}

	/* start and end */

	#env(): NodeJS.ProcessEnv {
		const env: NodeJS.ProcessEnv = { ...nodeprocess.env };
		env['PATH'] = `${this.bin}:${env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin'}`;
		env['BASH_ENV'] = join(this.dir, 'bashenv');
		env['PERL_BADLANG'] = '0';
		env['TZ'] = 'UTC';
		if (this.#s.interactive) {
			env['PS1'] = 'simns:\\w# ';
			env['HISTFILE'] = '';
		}
		delete env['SIMNS_NETNS'];
		delete env['SIMNS_VRF'];
		return env;
	}

	/* ends everything when the server itself is killed */
	#watch(): void {
		const text =
			'my ($dir) = @ARGV; my $root = -1; $SIG{$_} = "IGNORE" for qw(INT TERM HUP QUIT);' +
			'while (defined(my $l = <STDIN>)) { exit 0 if $l eq "done\\n"; $root = $l + 0 }' +
			'my %own = ($root => 1); for my $round (1 .. 50) { my $left = 0; my %st;' +
			'for my $f (glob "/proc/[0-9]*/stat") { open my $h, "<", $f or next; my $t = <$h> // next; close $h;' +
			'my ($pid) = $t =~ /^(\\d+)/; my @f = split / /, substr $t, rindex($t, ")") + 2; $st{$pid} = \\@f; }' +
			/* started in the very moment of the end: known by its environment alone */
			'for my $p (keys %st) { next if $own{$p}; open my $h, "<", "/proc/$p/environ" or next; local $/;' +
			'my $e = <$h> // ""; $own{$p} = 1 if index($e, "BASH_ENV=$dir/") >= 0 }' +
			'for (1 .. 20) { for my $p (keys %st) { $own{$p} = 1 if $own{$st{$p}[1]} || $own{$st{$p}[3]} } }' +
			'for my $p (keys %st) { next if !$own{$p} || $st{$p}[0] eq "Z"; kill 9, $p and $left++ }' +
			'last if !$left && $round > 5; select undef, undef, undef, 0.01 }' +
			'sub gone { my $d = shift; opendir my $h, $d or return; for (readdir $h) { next if /^\\.\\.?$/;' +
			'my $f = "$d/$_"; -d $f && !-l $f ? gone($f) : unlink $f } closedir $h; rmdir $d } gone($dir);';
		this.#watcher = spawn('perl', ['-e', text, this.dir], {
			detached: true,
			stdio: ['pipe', 'ignore', 'ignore'],
			cwd: '/',
			env: { PATH: nodeprocess.env['PATH'], PERL_BADLANG: '0' },
		});
		this.#watcher.on('error', () => {});
		this.#watcher.stdin?.on('error', () => {});
		this.#watcher.unref();
	}

	/** Passes a signal to the script; the second one, or one that it does not follow, ends it. */
	signal(n: number): void {
		const pid = this.#child?.pid;
		/* an interactive shell gets what the terminal sends by itself */
		if (pid === undefined || (this.#s.interactive && n === SIGINT)) return;
		if (this.#killed_by !== 0) {
			this.#table?.kill_all();
			return;
		}
		this.#killed_by = n;
		try {
			nodeprocess.kill(this.#s.interactive ? pid : -pid, n);
		} catch {
			/* gone */
		}
		setTimeout(() => this.#table?.kill_all(), 10000).unref();
		this.#event();
	}

	/**
	 * Runs the command.
	 * @returns its exit code, 128 + n when signal n ended it
	 */
	async run(): Promise<number> {
		const { argv, cwd, interactive, timeout_s, stdio } = this.#s;
		await new Promise<void>((done, fail) => {
			this.#server.on('error', fail);
			this.#server.listen({ path: join(this.dir, 's'), backlog: 4096 }, done);
		});
		const [command, ...args] = guarded(argv);
		const child = spawn(command, args, {
			cwd: cwd ?? undefined,
			env: this.#env(),
			stdio: stdio === 'inherit' ? stdio : [...stdio],
			detached: !interactive,
		});
		this.#child = child;
		let failure = '';
		child.on('error', (e) => {
			failure = e.message;
			this.#exit = { code: 127, signal: null };
			this.#event();
		});
		child.on('exit', (code, signal) => {
			this.#exit = { code, signal };
			this.#event();
		});
		if (child.pid !== undefined) {
			this.#table = new process_table(child.pid);
			this.#watcher?.stdin?.write(`${child.pid}\n`);
		}
		let timer: NodeJS.Timeout | null = null;
		if (timeout_s > 0)
			timer = setTimeout(() => {
				this.#timed_out = true;
				this.#table?.kill_all();
			}, timeout_s * 1000);
		try {
			await this.#loop();
		} finally {
			if (timer !== null) clearTimeout(timer);
			this.clean();
		}
		const say = (line: string): void => {
			if (stdio === 'inherit') nodeprocess.stderr.write(`simns: ${line}\n`);
			else writeSync(stdio[2], `simns: ${line}\n`);
		};
		if (failure !== '') say(failure);
		if (this.#unsupported.length > 0) {
			say('not supported in this run:');
			for (const line of this.#unsupported) say(`  ${line}`);
		}
		if (this.#timed_out) {
			say(`ended after ${timeout_s} s`);
			return 124;
		}
		const { code, signal } = this.#exit ?? { code: 1, signal: null };
		return signal !== null ? 128 + constants.signals[signal] : (code ?? 1);
	}

	/** Ends what is left of the script and takes the folder away. */
	clean(): void {
		this.#table?.kill_all();
		for (const c of this.#clients) c.sock.destroy();
		this.#server.close();
		this.#captures?.();
		if (this.#trace_fd >= 0) closeSync(this.#trace_fd);
		rmSync(this.dir, { recursive: true, force: true });
		this.#watcher?.stdin?.end('done\n');
	}
}
