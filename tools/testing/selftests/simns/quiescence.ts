// SPDX-License-Identifier: GPL-2.0-only
/*
 * The real processes of a script, as /proc shows them: which there are, in which order they were made,
 * and whether all of them sleep.
 *
 * That all sleep is proven, not guessed. The first look reads of every process how often it was put on
 * a processor, then its state; the second look its state, then the count. A process that sleeps in both
 * looks with the same count was off the processor from its first look to its second, hence at the
 * instant between the looks all of them slept at once, and only what is outside can wake one.
 *
 * One that is about to sleep says so before it does, and may be put off the processor just then: it looks
 * asleep and waits for its turn. The kernel tells the system call of a process only once it is off the
 * queue, so of who ran since all slept last that is asked for before the second count.
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

const buf = Buffer.alloc(8192);
/** More new numbers than this are not asked for one by one. */
const FEW = 32;
/** After so long, ms, the numbers may have been through all there are and begun anew. */
const LONG = 500;

/** A real process. */
export class real_process {
	readonly pid: number;
	ppid: number;
	sid: number;
	pgrp: number;
	/** Foreground process group of its terminal, -1 when it has none. */
	tpgid = -1;
	/** Clock ticks after boot at which it was made: with the pid its identity. */
	readonly start: number;
	/** Births of its ancestors and itself; orders processes as the script made them. */
	readonly path: number[] = [];
	readonly #stat_fd: number;
	readonly #sched_fd: number;
	#threads = 1;
	#count = -1;
	/** The count when all slept last. */
	#slept = -1;
	/** Processor time of itself and its ended children, clock ticks. */
	cpu = 0;

	/** Throws when the process is gone. */
	constructor(pid: number, ppid: number, sid: number, pgrp: number, start: number) {
		this.pid = pid;
		this.ppid = ppid;
		this.sid = sid;
		this.pgrp = pgrp;
		this.start = start;
		this.#stat_fd = openSync(`/proc/${pid}/stat`, 'r');
		try {
			this.#sched_fd = openSync(`/proc/${pid}/schedstat`, 'r');
		} catch {
			closeSync(this.#stat_fd);
			throw new Error('no schedstat');
		}
	}

	/** Lets go of the files. */
	close(): void {
		closeSync(this.#stat_fd);
		closeSync(this.#sched_fd);
	}

	#runs(): number {
		const text = buf.toString('latin1', 0, readSync(this.#sched_fd, buf, 0, 64, 0));
		let runs = Number(text.slice(text.lastIndexOf(' ') + 1));
		if (this.#threads > 1)
			for (const t of readdirSync(`/proc/${this.pid}/task`)) {
				if (Number(t) === this.pid) continue;
				const line = readFileSync(`/proc/${this.pid}/task/${t}/schedstat`, 'latin1');
				runs += Number(line.slice(line.lastIndexOf(' ') + 1));
			}
		return runs;
	}

	#sleeps(): boolean {
		const s = parse_stat(buf.toString('latin1', 0, readSync(this.#stat_fd, buf, 0, 1024, 0)));
		this.ppid = s.ppid;
		this.sid = s.sid;
		this.pgrp = s.pgrp;
		this.tpgid = s.tpgid;
		this.cpu = s.cpu;
		this.#threads = s.threads;
		if (!'SZTtX'.includes(s.state)) return false;
		if (s.threads > 1)
			for (const t of readdirSync(`/proc/${this.pid}/task`)) {
				const one = parse_stat(readFileSync(`/proc/${this.pid}/task/${t}/stat`, 'latin1'));
				if (!'SZTtX'.includes(one.state)) return false;
			}
		return true;
	}

	/** First look. Throws when the process is gone. */
	first_look(): boolean {
		this.#count = this.#runs();
		return this.#sleeps();
	}

	/** Whether none of its threads waits for its turn, as far as the kernel tells us. */
	#off_queue(): boolean {
		const threads = this.#threads > 1 ? readdirSync(`/proc/${this.pid}/task`) : [this.pid];
		for (const t of threads)
			try {
				if (readFileSync(`/proc/${this.pid}/task/${t}/syscall`, 'latin1').startsWith('running'))
					return false;
			} catch {
				/* not for us to know, or gone: the state is asked for again */
			}
		return true;
	}

	/** Second look: whether it slept all the time since the first. Throws when the process is gone. */
	second_look(): boolean {
		return (
			this.#sleeps() &&
			(this.#count === this.#slept || this.#off_queue()) &&
			this.#runs() === this.#count
		);
	}

	/** All slept at once. */
	all_slept(): void {
		this.#slept = this.#count;
	}
}

interface stat {
	state: string;
	ppid: number;
	pgrp: number;
	sid: number;
	tpgid: number;
	cpu: number;
	threads: number;
	start: number;
}

function parse_stat(text: string): stat {
	if (text === '') throw new Error('gone');
	const f = text.slice(text.lastIndexOf(')') + 2).split(' ', 20);
	return {
		state: f[0],
		ppid: Number(f[1]),
		pgrp: Number(f[2]),
		sid: Number(f[3]),
		tpgid: Number(f[5]),
		cpu: Number(f[11]) + Number(f[12]) + Number(f[13]) + Number(f[14]),
		threads: Number(f[17]),
		start: Number(f[19]),
	};
}

/** Number that the kernel gave last to a process or thread, NaN when the text is another. */
function last_given(fd: number): number {
	const text = buf.toString('latin1', 0, readSync(fd, buf, 0, 128, 0)).trimEnd();
	return Number(text.slice(text.lastIndexOf(' ') + 1) || NaN);
}

function is_leader(pid: number): boolean {
	const text = readFileSync(`/proc/${pid}/status`, 'latin1');
	return Number(/^Tgid:\s*(\d+)/m.exec(text)?.[1]) === pid;
}

/** All processes that come from one. */
export class process_table {
	readonly #root: number;
	/** Own processes by pid. */
	readonly procs = new Map<number, real_process>();
	/** Processes of others, not looked at again while their number is there. */
	readonly #others = new Set<number>();
	readonly #sids = new Set<number>();
	/** Births by path, of processes that are gone too: a child may ask for its parent's. */
	readonly #paths = new Map<number, number[]>();
	#births = 0;
	/** /proc/loadavg, or -1 when it does not tell which number was given last. */
	#load_fd: number;
	/** Number given last when processes were looked for, and when that was. */
	#last = -1;
	#listed = 0;
	/** Numbers given since all slept that were nobody's then: gone already, or not born yet. */
	#absent: number[] = [];
	/** Too many numbers were given since all slept: all of /proc is looked through. */
	#many = true;

	/** @param root pid of the script's first process, leader of a session of its own or not */
	constructor(root: number) {
		this.#root = root;
		let fd = -1;
		try {
			fd = openSync('/proc/loadavg', 'r');
			const last = last_given(fd);
			/* the number of another pid namespace, or none */
			if (!(last >= root && last < root + 4096)) {
				closeSync(fd);
				fd = -1;
			}
		} catch {
			/* all of /proc, every time */
		}
		this.#load_fd = fd;
	}

	/**
	 * Finds out which processes there are. Numbers are given in rising order: who is new has one of those
	 * after the last that was given when it was looked for before. A number that is nobody's may be that of a
	 * child that its parent is just making, so it is asked for again until all sleep.
	 * @param all look through all of /proc; drops those that are gone
	 * @returns false when the set changed
	 */
	#list(all = false): boolean {
		if (this.#load_fd < 0) return this.#list_all();
		const last = last_given(this.#load_fd);
		const now = performance.now();
		const given = last - this.#last;
		if (
			!this.#many &&
			(!(given >= 0 && given + this.#absent.length <= FEW) || now - this.#listed > LONG)
		) {
			this.#many = true;
			/* any of their numbers may be another's by now */
			this.#others.clear();
		}
		const candidates = this.#absent;
		for (let pid = last - given + 1; !this.#many && pid <= last; pid++) candidates.push(pid);
		this.#absent = [];
		this.#last = last;
		this.#listed = now;
		if (this.#many) return this.#list_all();
		const fresh: { pid: number; s: stat }[] = [];
		for (const pid of candidates) {
			if (!existsSync(`/proc/${pid}/stat`)) {
				this.#absent.push(pid);
				continue;
			}
			try {
				const s = parse_stat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
				const old = this.procs.get(pid);
				if (old !== undefined) {
					if (old.start === s.start) continue;
					this.#drop(old);
				}
				/* a thread has a number too */
				if (s.threads > 1 && !is_leader(pid)) continue;
				fresh.push({ pid, s });
			} catch {
				/* gone meanwhile */
			}
		}
		const same = this.#sort_out(fresh);
		return all ? this.#list_all() && same : same;
	}

	#drop(p: real_process): void {
		p.close();
		this.procs.delete(p.pid);
	}

	#list_all(): boolean {
		const seen = new Set<number>();
		const found: number[] = [];
		for (const name of readdirSync('/proc')) {
			const c = name.charCodeAt(0);
			if (c < 0x30 || c > 0x39) continue;
			const pid = Number(name);
			seen.add(pid);
			if (!this.procs.has(pid) && !this.#others.has(pid)) found.push(pid);
		}
		let same = true;
		for (const [pid, p] of this.procs)
			if (!seen.has(pid)) {
				this.#drop(p);
				same = false;
			}
		for (const pid of this.#others) if (!seen.has(pid)) this.#others.delete(pid);
		if (found.length === 0) return same;
		const fresh: { pid: number; s: stat }[] = [];
		for (const pid of found) {
			try {
				fresh.push({ pid, s: parse_stat(readFileSync(`/proc/${pid}/stat`, 'latin1')) });
			} catch {
				same = false;
			}
		}
		return this.#sort_out(fresh) && same;
	}

	/**
	 * Takes up which of the new processes are own.
	 * @returns false when one is
	 */
	#sort_out(fresh: { pid: number; s: stat }[]): boolean {
		let same = true;
		fresh.sort((a, b) => a.s.start - b.s.start || a.pid - b.pid);
		/* a child may come before its parent in the list when numbers wrapped: until nothing changes */
		for (let more = true; more; ) {
			more = false;
			for (const [i, { pid, s }] of fresh.entries()) {
				const own =
					pid === this.#root || this.procs.has(s.ppid) || this.#sids.has(s.sid);
				if (!own) continue;
				fresh.splice(i, 1);
				more = true;
				same = false;
				this.#others.delete(pid);
				try {
					const p = new real_process(pid, s.ppid, s.sid, s.pgrp, s.start);
					const parent = this.#paths.get(s.ppid);
					if (parent !== undefined) p.path.push(...parent);
					p.path.push(this.#births++);
					this.procs.set(pid, p);
					this.#paths.set(pid, p.path);
					/* the session of its own, or that it was given by setsid */
					if (s.sid === pid) this.#sids.add(pid);
				} catch {
					/* gone already */
				}
				break;
			}
		}
		for (const { pid } of fresh) this.#others.add(pid);
		return same;
	}

	#look(second: boolean): boolean {
		const same = this.#list();
		if (second && !same) return false;
		/* the youngest is the likeliest to run */
		for (const p of [...this.procs.values()].reverse()) {
			try {
				if (!(second ? p.second_look() : p.first_look())) return false;
			} catch {
				this.#drop(p);
				return false;
			}
		}
		if (second) {
			/* all slept when the numbers in question were asked for last: none of them is a child to come */
			this.#absent = [];
			this.#many = false;
			for (const p of this.procs.values()) p.all_slept();
		}
		return true;
	}

	/** First look at everything: false as soon as one does not sleep. */
	first_look(): boolean {
		return this.#look(false);
	}

	/** Second look: false when one ran meanwhile, came or went. */
	second_look(): boolean {
		return this.#look(true);
	}

	/** Brings the list of processes up to date without a judgement. */
	refresh(): void {
		this.#list(true);
	}

	/** Processor time of all, clock ticks. */
	cpu(): number {
		let sum = 0;
		for (const p of this.procs.values()) sum += p.cpu;
		return sum;
	}

	/** Orders two processes by pid as the script made them. */
	compare(a: number, b: number): number {
		const x = this.#paths.get(a);
		const y = this.#paths.get(b);
		if (x === undefined || y === undefined) return x === y ? a - b : x === undefined ? 1 : -1;
		for (let i = 0; i < x.length && i < y.length; i++) if (x[i] !== y[i]) return x[i] - y[i];
		return x.length - y.length;
	}

	/** Ends everything that is left. */
	kill_all(): void {
		for (let round = 0; round < 50; round++) {
			this.#list(true);
			let left = 0;
			for (const p of this.procs.values()) {
				try {
					const s = parse_stat(readFileSync(`/proc/${p.pid}/stat`, 'latin1'));
					if (s.start !== p.start || s.state === 'Z') continue;
					left++;
					process.kill(p.pid, 'SIGKILL');
				} catch {
					/* gone */
				}
			}
			if (left === 0) break;
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
		}
		for (const p of this.procs.values()) p.close();
		this.procs.clear();
		if (this.#load_fd >= 0) closeSync(this.#load_fd);
		this.#load_fd = -1;
	}
}
