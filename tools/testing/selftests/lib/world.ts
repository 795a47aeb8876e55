// SPDX-License-Identifier: GPL-2.0-only
/*
 * A world: one machine with its named namespaces, its store of files and its processes, and the run
 * loop that gives them time. Everything here is synchronous for the caller: sh() returns when the
 * command is over, however much virtual time that took.
 *
 * Virtual time moves only when no process can run: then the clock jumps to the next timer.
 */
import { Machine } from '../../../../include/linux/machine.ts';
import type { net } from '../../../../include/net/net_namespace.ts';
import { EACCES, ENOENT } from '../../../../include/uapi/linux/errno.ts';
import { cleanup_net, copy_net_ns } from '../../../../net/core/net_namespace.ts';
import { programs } from '../usr/programs.ts';
import { boot } from './boot.ts';
import {
	bytes_file,
	type file,
	inode,
	null_file,
	regular_file,
	silent_file,
	sink_file,
} from './file.ts';
import { type leak, count_leaks } from './leaks.ts';
import {
	NSEC_PER_MSEC,
	NSEC_PER_SEC,
	process,
	type program,
	SIGKILL,
	SIGTERM,
	signal_number,
} from './process.ts';
import { open_proc } from './procfs.ts';
import { parse_command } from './shell.ts';

/** How a world differs from the usual one. */
export interface world_options {
	/** Seed of everything that is random. */
	seed?: number;
	/** Virtual time between the start of a program and its first instruction, ns. */
	exec_cost_ns?: number;
	/** Virtual time that it takes to let a process run, ns; default none. */
	switch_cost_ns?: number;
}

/** How a command is run. */
export interface run_options {
	/** What standard input gives: text or bytes (then its end), or an open file. Default: its end. */
	stdin?: string | Uint8Array | file;
	/** Namespace by name; default the initial one. */
	netns?: string;
	/** Virtual seconds after which sh() gives up with an exception. */
	limit_s?: number;
}

/** What a command left behind. */
export interface result {
	rc: number;
	out: string;
	err: string;
}

class shared_file implements file {
	readonly #f: file;

	constructor(f: file) {
		this.#f = f;
	}

	get wq(): file['wq'] {
		return this.#f.wq;
	}

	get name(): string {
		return this.#f.name;
	}

	read(buf: Uint8Array): number {
		return this.#f.read(buf);
	}

	write(data: Uint8Array): number {
		return this.#f.write(data);
	}

	push(data: Uint8Array): void {
		if (this.#f.push !== undefined) this.#f.push(data);
		else this.#f.write(data);
	}

	poll(): number {
		return this.#f.poll();
	}

	close(): void {}
}

/** A standard input that stays open and silent, for programs in the background. */
export function open_stdin(): file {
	return new silent_file();
}

/** One world. */
export class World {
	readonly m: Machine;
	/** Named namespaces, as /run/netns has them. */
	readonly netns = new Map<string, net>();
	/** Regular files by absolute path. */
	readonly files = new Map<string, inode>();
	/** Processes that have not ended, in order of start. */
	readonly processes: process[] = [];
	readonly #exec_cost_ns: number;
	readonly #switch_cost_ns: number;
	readonly #runnable: process[] = [];
	readonly #net_users = new Map<net, number>();
	#next_pid = 1000;
	#rng: number;
	#scheduling = false;

	constructor(options: world_options = {}) {
		const seed = options.seed ?? 1;
		this.m = new Machine(seed);
		this.#exec_cost_ns = options.exec_cost_ns ?? NSEC_PER_MSEC;
		this.#switch_cost_ns = options.switch_cost_ns ?? 0;
		this.#rng = seed >>> 0;
		boot(this.m);
		this.m.schedule = () => this.#schedule();
		this.m.page_memory = (bytes) => new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);
		this.#net_users.set(this.init_net, 1);
	}

	get init_net(): net {
		return this.m.init_net!;
	}

	/** 32 bits for user land: /dev/urandom, ping identifiers. Not the kernel's generator. */
	random_u32(): number {
		this.#rng = (this.#rng + 0x6d2b79f5) >>> 0;
		let z = this.#rng;
		z = Math.imul(z ^ (z >>> 15), z | 1);
		z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
		return (z ^ (z >>> 14)) >>> 0;
	}

	/** Wall clock of the world in ns since 1970. */
	realtime_ns(): number {
		return this.m.boot_realtime_ns + this.m.now_ns;
	}

	/* namespaces */

	/** Makes a named namespace; false when the name is taken. */
	add_netns(name: string): boolean {
		if (this.netns.has(name)) return false;
		const net = copy_net_ns(this.m);
		if (typeof net === 'number') throw new Error(`copy_net_ns: errno ${-net}`);
		this.netns.set(name, net);
		this.get_net(net);
		return true;
	}

	/**
	 * Moves a process to a new namespace without a name.
	 * @returns 0 or -errno
	 */
	unshare(p: process): number {
		const net = copy_net_ns(this.m);
		if (typeof net === 'number') return net;
		this.setns(p, net);
		return 0;
	}

	/** Removes a name; the namespace goes when no process is in it either. */
	del_netns(name: string): boolean {
		const net = this.netns.get(name);
		if (net === undefined) return false;
		this.netns.delete(name);
		this.put_net(net);
		return true;
	}

	/** Another user of a namespace. */
	get_net(net: net): void {
		this.#net_users.set(net, (this.#net_users.get(net) ?? 0) + 1);
	}

	/** One user of a namespace less; the last one takes it away. */
	put_net(net: net): void {
		const users = this.#net_users.get(net)! - 1;
		this.#net_users.set(net, users);
		if (users === 0) {
			this.#net_users.delete(net);
			cleanup_net(net);
		}
	}

	/** Namespace by name; throws when there is none, for tests. */
	ns(name: string): net {
		const net = this.netns.get(name);
		if (net === undefined) throw new Error(`no namespace ${name}`);
		return net;
	}

	/** Pids of the processes in a namespace. */
	pids_in(net: net): number[] {
		return this.processes.filter((p) => p.netns === net).map((p) => p.real_pid);
	}

	/** Name of a namespace, or null. */
	netns_name(net: net): string | null {
		for (const [name, n] of this.netns) if (n === net) return name;
		return null;
	}

	/* files */

	/** Contents of a file in the store; throws when there is none, for tests. */
	read_file(path: string): Uint8Array {
		const f = this.files.get(path);
		if (f === undefined) throw new Error(`no file ${path}`);
		return f.bytes();
	}

	/** Makes or replaces a file. */
	write_file(path: string, data: Uint8Array | string): void {
		const node = new inode();
		node.store(0, typeof data === 'string' ? new TextEncoder().encode(data) : data);
		this.files.set(path, node);
	}

	/**
	 * Opens a file for a process.
	 * @param mode as fopen() has it
	 * @returns the file or a negative errno
	 */
	open(p: process, path: string, mode: 'r' | 'w' | 'a'): file | number {
		if (path === '/dev/null') return new null_file();
		if (path === '/dev/stdin') return new shared_file(p.stdin);
		if (path === '/dev/stdout') return new shared_file(p.stdout);
		if (path === '/dev/stderr') return new shared_file(p.stderr);
		const abs = path.startsWith('/') ? path : `${p.cwd}/${path}`;
		const full = abs.replace(/\/(?:\.?\/)+/g, '/');
		if (full.startsWith('/proc/') || full.startsWith('/sys/')) {
			const f = open_proc(p, full, mode);
			return f ?? -ENOENT;
		}
		let node = this.files.get(full);
		if (node === undefined) {
			if (mode === 'r') return -ENOENT;
			if (full.startsWith('/dev/')) return -EACCES;
			node = new inode();
			this.files.set(full, node);
		}
		if (mode === 'w') node.truncate();
		return new regular_file(full, node, mode === 'a');
	}

	/* processes */

	/** The program of a name or path, or null. */
	find_program(name: string): program | null {
		const base = name.slice(name.lastIndexOf('/') + 1);
		return programs.get(base) ?? null;
	}

	/** Starts a process on given files; the world's own spawn() and programs that start others use it. */
	start(
		argv: string[],
		netns: net,
		stdin: file,
		stdout: file,
		stderr: file,
		parent: process | null = null,
	): process {
		const p = new process(
			this,
			this.#next_pid++,
			parent === null ? 1 : parent.pid,
			argv,
			netns,
			stdin,
			stdout,
			stderr,
		);
		if (parent !== null) {
			p.vrf = parent.vrf;
			p.cwd = parent.cwd;
			for (const [k, v] of parent.env) p.env.set(k, v);
		}
		this.get_net(netns);
		p.task = this.#main(p, argv);
		this.processes.push(p);
		this.enqueue(p);
		return p;
	}

	/** Starts a child that shares its parent's namespace and files. */
	start_child(parent: process, argv: string[]): process {
		return this.start(
			argv,
			parent.netns,
			new shared_file(parent.stdin),
			new shared_file(parent.stdout),
			new shared_file(parent.stderr),
			parent,
		);
	}

	*#main(p: process, argv: string[]): Generator<import('./process.ts').wait, number, void> {
		const code = yield* this.exec(p, argv);
		if (code >= 0) return code;
		p.eprint(`bash: ${argv[0]}: command not found\n`);
		return 127;
	}

	/**
	 * Runs another program in a process, as execvp() does.
	 * @returns its exit code, or -ENOENT when there is no such program
	 */
	*exec(p: process, argv: string[]): Generator<import('./process.ts').wait, number, void> {
		const prog = this.find_program(argv[0] ?? '');
		if (prog === null) return -ENOENT;
		p.argv = argv;
		if (this.#exec_cost_ns > 0) yield* p.sleep(this.#exec_cost_ns);
		return (yield* prog(p, argv)) & 0xff;
	}

	/**
	 * Runs a piece of a test as a process of its own: a sampler, a generator of traffic.
	 * @param netns namespace by name; default the initial one
	 */
	background(body: program, netns?: string, argv: string[] = ['test']): process {
		const net = netns === undefined ? this.init_net : this.ns(netns);
		const p = this.start([], net, new null_file(), new sink_file(), new sink_file());
		p.argv = argv;
		p.task = body(p, argv);
		return p;
	}

	/** Moves a process to another namespace. */
	setns(p: process, net: net): void {
		this.get_net(net);
		this.put_net(p.netns);
		p.netns = net;
	}

	/** Puts a process into the run queue. */
	enqueue(p: process): void {
		if (p.queued || p.exit_code !== null) return;
		p.queued = true;
		this.#runnable.push(p);
	}

	#step(p: process): void {
		p.queued = false;
		const task = p.task;
		if (task === null) return;
		this.m.set_clock(this.m.now_ns + this.#switch_cost_ns);
		p.running = true;
		const r = task.next();
		p.running = false;
		if (r.done === true) this.#end(p, r.value, 0);
		else {
			p.sleep_on(r.value);
			if (p.pending_signal !== 0) this.kill(p, p.pending_signal);
		}
	}

	#end(p: process, code: number, signal: number): void {
		p.task = null;
		const i = this.processes.indexOf(p);
		if (i >= 0) this.processes.splice(i, 1);
		p.finish(code, signal);
		this.put_net(p.netns);
	}

	/**
	 * Sends a signal. A process that does not catch it ends at once with 128 + n.
	 * @returns false when the process had ended already
	 */
	kill(p: process, signal: string | number = SIGTERM): boolean {
		if (p.exit_code !== null) return false;
		if (p.task === null) return true;
		const n = signal_number(signal);
		if (n <= 0) return n === 0;
		const handler = n === SIGKILL ? undefined : p.handlers.get(n);
		if (handler !== undefined) {
			handler();
			p.wake();
			return true;
		}
		if (p.running) {
			/* it let others run in the middle of a system call; signals come on the way out of it */
			p.pending_signal = n;
			return true;
		}
		const { task } = p;
		p.task = null;
		p.stop_waiting();
		task?.return(0);
		this.#end(p, 128 + n, n);
		return true;
	}

	/* running */

	/*
	 * Who slept and was woken goes ahead of the process in whose system call that happened, when that
	 * call says cond_resched().
	 */
	#schedule(): void {
		if (this.#scheduling) return;
		this.#scheduling = true;
		for (;;) {
			const p = this.#runnable.shift();
			if (p === undefined) break;
			this.#step(p);
		}
		this.#scheduling = false;
	}

	/**
	 * Does what is left to do at this moment; time goes on as far as that takes time.
	 * @param enough asked after each step of a process: programs that wake each other leave no end to it
	 * @returns false when it was enough before all was done
	 */
	settle(enough: () => boolean): boolean {
		for (;;) {
			this.m.run_pending();
			const p = this.#runnable.shift();
			if (p === undefined) return true;
			this.#step(p);
			if (enough()) return false;
		}
	}

	/**
	 * Runs the world until something is so and nothing is left to do at that moment.
	 * @param limit_ns absolute virtual time to stop at
	 * @returns false when the limit came first
	 */
	run_until(done: () => boolean, limit_ns: number): boolean {
		for (;;) {
			this.settle(() => false);
			if (done()) return true;
			if (this.m.now_ns >= limit_ns) return false;
			this.m.advance(limit_ns);
		}
	}

	/** Starts a command in the background. */
	spawn(command: string | string[], options: run_options = {}): process {
		const cmd =
			typeof command === 'string'
				? parse_command(command)
				: { argv: command, redirections: [] };
		const net = options.netns === undefined ? this.init_net : this.ns(options.netns);
		const { stdin } = options;
		const files: file[] = [
			typeof stdin === 'string' || stdin instanceof Uint8Array
				? new bytes_file('stdin', stdin)
				: (stdin ?? new null_file()),
			new sink_file(),
			new sink_file(),
		];
		const opener = new process(this, 0, 0, [], net, files[0], files[1], files[2]);
		for (const r of cmd.redirections) {
			if (r.kind === '>&') {
				files[r.fd] = files[Number(r.target)]!;
				continue;
			}
			const f = this.open(opener, r.target, r.kind === '<' ? 'r' : r.kind === '>' ? 'w' : 'a');
			if (typeof f === 'number') throw new Error(`sh: ${r.target}: errno ${-f}`);
			files[r.fd] = f;
		}
		return this.start(cmd.argv, net, files[0], files[1], files[2]);
	}

	/**
	 * Waits for the end of a process.
	 * @param limit_s virtual seconds to wait at most
	 */
	wait(p: process, limit_s = 3600): result {
		const limit = this.m.now_ns + limit_s * NSEC_PER_SEC;
		if (!this.run_until(() => p.exit_code !== null, limit))
			throw new Error(`still running after ${limit_s} s: ${p.argv.join(' ')}`);
		return {
			rc: p.exit_code!,
			out: p.stdout instanceof sink_file ? p.stdout.text() : '',
			err: p.stderr instanceof sink_file ? p.stderr.text() : '',
		};
	}

	/** Runs a command to its end. */
	sh(command: string | string[], options: run_options = {}): result {
		return this.wait(this.spawn(command, options), options.limit_s);
	}

	/** Runs a command that must work; throws with its errors when it does not. Returns its output. */
	must(command: string | string[], options: run_options = {}): string {
		const r = this.sh(command, options);
		if (r.rc !== 0) {
			const text = typeof command === 'string' ? command : command.join(' ');
			throw new Error(`${text}: exit code ${r.rc}: ${r.err}${r.out}`);
		}
		return r.out;
	}

	/** Lets virtual time pass. */
	sleep(seconds: number): void {
		const end = this.m.now_ns + Math.round(seconds * NSEC_PER_SEC);
		this.run_until(() => this.m.now_ns >= end, end);
	}

	/**
	 * Ends the world and counts what is still held: processes are killed, namespaces deleted, and the
	 * machine runs until everything deferred is done.
	 * @returns what leaked, by kind; empty when nothing did
	 */
	check_leaks(): leak[] {
		for (const p of this.processes.slice()) this.kill(p, SIGKILL);
		for (const name of [...this.netns.keys()]) this.del_netns(name);
		this.sleep(5);
		return count_leaks(this.m);
	}
}
