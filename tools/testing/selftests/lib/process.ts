// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes of the machine room. A program is a generator function over a process; it yields what
 * it waits for, and the world (lib/world.ts) resumes it when that has come. Between two yields a
 * program runs alone, as a process does between two system calls that sleep.
 */
import type { Machine } from '../../../../include/linux/machine.ts';
import { machine_event } from '../../../../include/linux/machine.ts';
import { add_wait_queue, remove_wait_queue, wake_up, wait_queue_head } from '../../../../include/linux/wait.ts';
import type { net } from '../../../../include/net/net_namespace.ts';
import { EAGAIN } from '../../../../include/uapi/linux/errno.ts';
import { decode, encode, type file } from './file.ts';
import type { World } from './world.ts';

export const NSEC_PER_SEC = 1_000_000_000;
export const NSEC_PER_MSEC = 1_000_000;

export const SIGHUP = 1;
export const SIGINT = 2;
export const SIGKILL = 9;
export const SIGUSR1 = 10;
export const SIGPIPE = 13;
export const SIGALRM = 14;
export const SIGTERM = 15;

const signal_names = new Map<string, number>([
	['HUP', SIGHUP],
	['INT', SIGINT],
	['KILL', SIGKILL],
	['USR1', SIGUSR1],
	['PIPE', SIGPIPE],
	['ALRM', SIGALRM],
	['TERM', SIGTERM],
]);

/**
 * Number of a signal given as `TERM`, `SIGTERM`, `15` or 15.
 * @returns the number, or -1 when there is no such signal
 */
export function signal_number(signal: string | number): number {
	if (typeof signal === 'number') return signal;
	if (/^\d+$/.test(signal)) return Number(signal);
	return signal_names.get(signal.toUpperCase().replace(/^SIG/, '')) ?? -1;
}

/** What a program waits for: the first queue that wakes, or the time. */
export class wait {
	readonly queues: readonly wait_queue_head[];
	/** Absolute virtual ns; Infinity when only a queue can end the wait. */
	readonly deadline_ns: number;

	constructor(queues: readonly wait_queue_head[], deadline_ns: number) {
		this.queues = queues;
		this.deadline_ns = deadline_ns;
	}
}

/** A piece of a program: yields waits, returns a T. */
export type Task<T> = Generator<wait, T, void>;

/** A program: argv[0] is its name; the answer is the exit code. */
export type program = (p: process, argv: string[]) => Task<number>;

/** What can be held open by a process, to be closed when it ends. */
export interface closable {
	close(): void;
}

/** One process. Made by World.spawn(). */
export class process {
	readonly world: World;
	readonly pid: number;
	readonly ppid: number;
	/** Its number outside the world, of a process that is the shadow of a real one; else its own. */
	real_pid: number;
	/** What it was started as; `exec` of another program changes it. */
	argv: string[];
	netns: net;
	/** VRF device that new sockets are bound to (`ip vrf exec`), or null. */
	vrf: string | null = null;
	stdin: file;
	stdout: file;
	stderr: file;
	readonly env = new Map<string, string>();
	cwd = '/';
	/** Null while it runs; 128 + n when signal n ended it. */
	exit_code: number | null = null;
	/** Signal that ended it, 0 when none did. */
	term_signal = 0;
	readonly exit_wq = new wait_queue_head();
	/** Closed at the end, newest first. */
	readonly open_files: closable[] = [];
	/** Programs that catch a signal put a function here. */
	readonly handlers = new Map<number, () => void>();

	task: Task<number> | null = null;
	/** In the run queue. */
	queued = false;
	/** In a system call or in its own code. */
	running = false;
	/** Signal to end it with when that is over, 0 for none. */
	pending_signal = 0;
	#waiting: wait | null = null;
	readonly #timer: machine_event;
	readonly #wake: () => void;

	constructor(
		world: World,
		pid: number,
		ppid: number,
		argv: string[],
		netns: net,
		stdin: file,
		stdout: file,
		stderr: file,
	) {
		this.world = world;
		this.pid = pid;
		this.ppid = ppid;
		this.real_pid = pid;
		this.argv = argv;
		this.netns = netns;
		this.stdin = stdin;
		this.stdout = stdout;
		this.stderr = stderr;
		this.#wake = () => this.wake();
		this.#timer = new machine_event(this.#wake, true);
	}

	get m(): Machine {
		return this.world.m;
	}

	/** Absolute virtual time at which a sleep ends by itself, ns; Infinity when only others end it. */
	get deadline_ns(): number {
		if (this.queued) return this.m.now_ns;
		return this.#waiting === null ? Infinity : this.#waiting.deadline_ns;
	}

	/** Puts the process to sleep; the world calls this with what the program yielded. */
	sleep_on(w: wait): void {
		this.#waiting = w;
		for (const q of w.queues) add_wait_queue(q, this.#wake);
		if (w.deadline_ns !== Infinity) this.m.arm(this.#timer, w.deadline_ns);
	}

	/** Makes a sleeping process runnable. */
	wake(): void {
		const w = this.#waiting;
		if (w === null) return;
		this.#waiting = null;
		for (const q of w.queues) remove_wait_queue(q, this.#wake);
		this.m.disarm(this.#timer);
		this.world.enqueue(this);
	}

	/** Takes the process off everything it waits for. */
	stop_waiting(): void {
		const w = this.#waiting;
		if (w === null) return;
		this.#waiting = null;
		for (const q of w.queues) remove_wait_queue(q, this.#wake);
		this.m.disarm(this.#timer);
	}

	/** Remembers something to be closed when the process ends. */
	hold<T extends closable>(f: T): T {
		this.open_files.push(f);
		return f;
	}

	/** Closes something that was held. */
	drop(f: closable): void {
		const i = this.open_files.indexOf(f);
		if (i >= 0) this.open_files.splice(i, 1);
		f.close();
	}

	/** Writes text to standard output. */
	print(text: string): void {
		if (text !== '') write_now(this.stdout, encode(text));
	}

	/** Writes text to standard error. */
	eprint(text: string): void {
		if (text !== '') write_now(this.stderr, encode(text));
	}

	/** Virtual ns since boot. */
	now(): number {
		return this.m.now_ns;
	}

	/** Waits a span of time, ns. */
	*sleep(ns: number): Task<void> {
		yield new wait([], this.m.now_ns + Math.max(0, ns));
	}

	/**
	 * Waits until one of some queues wakes.
	 * @param deadline_ns absolute virtual time
	 */
	*wait_on(queues: readonly wait_queue_head[], deadline_ns = Infinity): Task<void> {
		yield new wait(queues, deadline_ns);
	}

	/**
	 * Waits for the end of a process.
	 * @returns its exit code
	 */
	*wait_exit(child: process): Task<number> {
		while (child.exit_code === null) yield new wait([child.exit_wq], Infinity);
		return child.exit_code;
	}

	/**
	 * Waits until one of some files has one of its wanted conditions.
	 * @param wants pairs of file and POLLIN/POLLOUT mask
	 * @param deadline_ns absolute virtual time
	 * @returns false when the time was over first
	 */
	*poll(wants: readonly (readonly [file, number])[], deadline_ns = Infinity): Task<boolean> {
		for (;;) {
			const queues: wait_queue_head[] = [];
			for (const [f, mask] of wants) {
				if ((f.poll() & (mask | 0x18)) !== 0) return true;
				if (f.wq !== null) queues.push(f.wq);
			}
			if (this.m.now_ns >= deadline_ns) return false;
			yield new wait(queues, deadline_ns);
		}
	}

	/**
	 * Reads, waiting for the first bytes.
	 * @returns bytes read, 0 at the end, or a negative errno
	 */
	*read(f: file, buf: Uint8Array): Task<number> {
		for (;;) {
			const n = f.read(buf);
			if (n !== -EAGAIN) return n;
			yield new wait(f.wq === null ? [] : [f.wq], Infinity);
		}
	}

	/** Reads to the end. */
	*read_all(f: file): Task<Uint8Array> {
		const whole = f.take_all?.();
		if (whole !== undefined) return whole;
		const parts: Uint8Array[] = [];
		let total = 0;
		for (;;) {
			const buf = new Uint8Array(65536);
			const n = yield* this.read(f, buf);
			if (n <= 0) break;
			parts.push(buf.subarray(0, n));
			total += n;
		}
		const all = new Uint8Array(total);
		let at = 0;
		for (const part of parts) {
			all.set(part, at);
			at += part.length;
		}
		return all;
	}

	/** Reads to the end as text. */
	*read_text(f: file): Task<string> {
		return decode(yield* this.read_all(f));
	}

	/**
	 * Writes everything, waiting for room.
	 * @returns 0 or a negative errno
	 */
	*write_all(f: file, data: Uint8Array): Task<number> {
		let at = 0;
		while (at < data.length) {
			const n = f.write(at === 0 ? data : data.subarray(at));
			if (n === -EAGAIN) {
				yield new wait(f.wq === null ? [] : [f.wq], Infinity);
				continue;
			}
			if (n < 0) return n;
			at += n;
		}
		return 0;
	}

	/** Marks the end; the world calls this once. */
	finish(code: number, signal: number): void {
		this.stop_waiting();
		while (this.open_files.length > 0) this.open_files.pop()!.close();
		this.stdin.close();
		this.stdout.close();
		this.stderr.close();
		this.exit_code = code;
		this.term_signal = signal;
		wake_up(this.exit_wq);
	}
}

/** Writes without waiting; what a full pipe does not take is lost, as text of a tool never fills one. */
function write_now(f: file, data: Uint8Array): void {
	let at = 0;
	while (at < data.length) {
		const n = f.write(at === 0 ? data : data.subarray(at));
		if (n === -EAGAIN) f.push?.(data.subarray(at));
		if (n <= 0) return;
		at += n;
	}
}
