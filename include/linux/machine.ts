// SPDX-License-Identifier: GPL-2.0-only
/*
 * PORT: no kernel file of this path. What the C keeps in global variables, in per-cpu data and in the
 * scheduler is one object here, so that one process can hold several worlds side by side and the
 * same seed gives the same packets. Gathers what kernel/softirq.c, kernel/time/timer.c,
 * kernel/workqueue.c, kernel/rcu and lib/random32.c offer to the network code.
 *
 * Time is virtual: `now_ns` moves only when the run loop jumps to the next timer and, one microsecond
 * a packet, when the receive softirq takes work off the backlog.
 */
import { type packet_type, softnet_data } from './netdevice.ts';
import { U32_ZERO } from './types.ts';
import type { neigh_table } from '../net/neighbour.ts';
import type { net } from '../net/net_namespace.ts';
import type { page } from './mm.ts';
import { type sk_buff, skb_pool } from './skbuff.ts';

export const HZ = 1000;
export const NSEC_PER_SEC = 1_000_000_000;
export const NSEC_PER_MSEC = 1_000_000;
export const NSEC_PER_USEC = 1000;
export const USEC_PER_SEC = 1_000_000;
export const MSEC_PER_SEC = 1000;

const NSEC_PER_JIFFY = NSEC_PER_SEC / HZ;
const INITIAL_JIFFIES = 300 * HZ;

export const TIMER_SOFTIRQ = 0;
export const NET_TX_SOFTIRQ = 1;
export const NET_RX_SOFTIRQ = 2;
const NR_SOFTIRQS = 3;

/** One record of what C would do by undefined behaviour, or of a WARN or BUG. */
export interface machine_record {
	/** BUG: memory would have been corrupted or the kernel stopped. WARN: it goes on by design. */
	kind: 'WARN' | 'BUG';
	/** Function of the port in which it happened. */
	place: string;
	what: string;
	/** Virtual time, ns. */
	time_ns: number;
	/** Bytes from the MAC header on at that moment, when a packet was at hand. */
	packet: Uint8Array | null;
}

/** An entry of the machine's one event queue, ordered by time, then by arming order. */
export class machine_event {
	expires_ns = U32_ZERO;
	seq = U32_ZERO;
	/** Place in the heap, -1 when not armed. */
	index = -1;
	fn: () => void;
	/** Runs in process context (work items) rather than in the timer softirq. */
	process_context: boolean;

	/**
	 * @param fn what to run
	 * @param process_context true for work items
	 */
	constructor(fn: () => void, process_context = false) {
		this.fn = fn;
		this.process_context = process_context;
	}
}

/** A global variable of a kernel file, one instance a machine. */
export class machine_variable<T> {
	static #declared = 0;
	/** Place in the machine's vars. */
	readonly id: number;
	readonly init: (m: Machine) => T;

	constructor(init: (m: Machine) => T) {
		this.id = machine_variable.#declared++;
		this.init = init;
	}

	/** The instance that belongs to a machine, made at first use. */
	of(m: Machine): T {
		const v = m.vars[this.id];
		if (v !== undefined) return v as T;
		const made = this.init(m);
		m.vars[this.id] = made;
		return made;
	}
}

/**
 * Declares what is a file-level variable in C.
 * @param init makes the initial value for a machine
 * @kernel PORT: stands for static variables
 */
export function machine_var<T>(init: (m: Machine) => T): machine_variable<T> {
	return new machine_variable(init);
}

/** One simulated machine: clock, event queue, softirqs, random numbers, namespaces, records. */
export class Machine {
	/** Virtual nanoseconds since boot; below 2^53, 104 days. Only set_clock() writes it. */
	now_ns = INITIAL_JIFFIES * NSEC_PER_JIFFY;
	/** Ticks since boot at HZ a second; starts at 300 s and never wraps. */
	jiffies = INITIAL_JIFFIES;
	/** When the next tick is. */
	#tick_ns = (INITIAL_JIFFIES + 1) * NSEC_PER_JIFFY;
	/** Wall clock at boot, ns, for captures and `date`. */
	boot_realtime_ns: number;
	readonly seed: number;
	/** Instances of machine_var. */
	readonly vars: unknown[] = [];
	/** All network namespaces, in order of creation. */
	readonly net_namespace_list: net[] = [];
	init_net: net | null = null;
	/** What went wrong by C's rules. */
	readonly records: machine_record[] = [];
	/** Lines of the kernel log. */
	readonly log: { time_ns: number; text: string }[] = [];

	/* lib/random32.c */
	#s0 = 0;
	#s1 = 0;
	#s2 = 0;
	#s3 = 0;

	/* mm/page_alloc.c */
	/** Memory for pages, not cleared where the harness has such. */
	page_memory: (bytes: number) => Uint8Array = (bytes) => new Uint8Array(bytes);
	readonly free_area: page[] = [];
	/** Pages in use now. */
	page_count = 0;

	/* kernel/softirq.c */
	bh_count = 0;
	/** Lets processes run that were woken; null where there are none. */
	schedule: (() => void) | null = null;
	#serving_softirq = false;
	#softirq_pending = 0;
	readonly #softirq_vec: (() => void)[] = new Array<() => void>(NR_SOFTIRQS).fill(() => {});

	/* kernel/time/timer.c, kernel/workqueue.c */
	readonly #heap: machine_event[] = [];
	#event_seq = 0;
	/** Callbacks of call_rcu() that wait for the end of what runs now. */
	#rcu: (() => void)[] = [];
	/** Process-context work that is due now, in queue order. */
	readonly #tasks: (() => void)[] = [];

	/* net/core/dev.c: of the one CPU, and taps for all devices */
	readonly softnet_data = new softnet_data();
	readonly ptype_all: packet_type[] = [];
	/* net/core/neighbour.c */
	readonly neigh_tables: (neigh_table | null)[] = [null, null, null];

	/* net/core/skbuff.c */
	/** Free sk_buffs without a buffer. */
	readonly skb_pool = new skb_pool();
	/** Free sk_buffs with one; index is the power of two of the allocation that it comes from. */
	readonly skb_head_pool: skb_pool[] = Array.from({ length: 32 }, () => new skb_pool());
	/** sk_buffs alive now. */
	skb_count = 0;

	/**
	 * @param seed any number; the same seed replays the same packets
	 * @param boot_realtime_ns wall-clock time of boot in ns
	 */
	constructor(seed = 1, boot_realtime_ns = 1_605_123_457_000_000_000) {
		this.seed = seed;
		this.boot_realtime_ns = boot_realtime_ns;
		let x = seed >>> 0;
		const next = (): number => {
			x = (x + 0x9e3779b9) >>> 0;
			let z = x;
			z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
			z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
			return (z ^ (z >>> 16)) | 0;
		};
		this.#s0 = next();
		this.#s1 = next();
		this.#s2 = next();
		this.#s3 = next();
	}

	/**
	 * Moves the clock forward.
	 * @param now_ns virtual time, not before the present
	 */
	set_clock(now_ns: number): void {
		this.now_ns = now_ns;
		if (now_ns >= this.#tick_ns) this.#do_timer();
	}

	/** Counts the ticks that are past. */
	#do_timer(): void {
		this.jiffies = Math.floor(this.now_ns / NSEC_PER_JIFFY);
		this.#tick_ns = (this.jiffies + 1) * NSEC_PER_JIFFY;
	}

	/** 32 random bits (xoshiro128**). */
	random_u32(): number {
		const s1 = this.#s1;
		let r = Math.imul(s1, 5);
		r = Math.imul((r << 7) | (r >>> 25), 9) >>> 0;
		const t = s1 << 9;
		this.#s2 ^= this.#s0;
		this.#s3 ^= s1;
		this.#s1 = s1 ^ this.#s2;
		this.#s0 ^= this.#s3;
		this.#s2 ^= t;
		this.#s3 = (this.#s3 << 11) | (this.#s3 >>> 21);
		return r;
	}

	/** Keeps a WARN or BUG record; the world goes on. */
	record(kind: 'WARN' | 'BUG', place: string, what: string, skb: sk_buff | null = null): void {
		const from = skb === null ? 0 : skb.mac_header >= 0 ? skb.mac_header : skb.data;
		this.records.push({
			kind,
			place,
			what,
			time_ns: this.now_ns,
			packet: skb === null ? null : skb.head.slice(from, skb.tail),
		});
	}

	/** Adds the packet at hand to the records from the given one on that were made without one. */
	record_packet(from: number, skb: sk_buff): void {
		for (let i = from; i < this.records.length; i++)
			this.records[i].packet ??= skb.head.slice(Math.max(skb.mac_header, 0), skb.tail);
	}

	/** Appends a line to the kernel log. */
	printk(text: string): void {
		this.log.push({ time_ns: this.now_ns, text });
	}

	/** Sets the handler of a softirq. */
	open_softirq(nr: number, action: () => void): void {
		this.#softirq_vec[nr] = action;
	}

	/** Marks a softirq pending; it runs when bottom halves are next enabled outside a softirq. */
	raise_softirq(nr: number): void {
		this.#softirq_pending |= 1 << nr;
	}

	/** True while a softirq or a timer runs. */
	in_softirq(): boolean {
		return this.#serving_softirq || this.bh_count > 0;
	}

	/** True while a softirq handler runs (not merely with bottom halves off). */
	in_serving_softirq(): boolean {
		return this.#serving_softirq;
	}

	/** Holds softirqs back. */
	local_bh_disable(): void {
		this.bh_count++;
	}

	/** Lets softirqs run again; the outermost call outside a softirq runs what is pending. */
	local_bh_enable(): void {
		if (--this.bh_count === 0 && this.#softirq_pending !== 0 && !this.#serving_softirq)
			this.do_softirq();
	}

	/** A system call's offer to those who were woken meanwhile; what it owns it keeps. */
	cond_resched(): void {
		if (this.bh_count === 0 && !this.#serving_softirq) this.schedule?.();
	}

	/** Runs pending softirqs until none is left. */
	do_softirq(): void {
		if (this.#serving_softirq || this.bh_count > 0) return;
		this.#serving_softirq = true;
		try {
			while (this.#softirq_pending !== 0) {
				const pending = this.#softirq_pending;
				this.#softirq_pending = 0;
				for (let nr = 0; nr < NR_SOFTIRQS; nr++)
					if ((pending & (1 << nr)) !== 0) this.#softirq_vec[nr]();
			}
		} finally {
			this.#serving_softirq = false;
		}
	}

	/** Runs a callback after everything that runs now is over. */
	call_rcu(fn: () => void): void {
		this.#rcu.push(fn);
	}

	/** Arms an event at an absolute virtual time, moving it when it was armed. */
	arm(ev: machine_event, expires_ns: number): void {
		if (ev.index >= 0) this.#remove(ev.index);
		ev.expires_ns = expires_ns;
		ev.seq = this.#event_seq++;
		ev.index = this.#heap.length;
		this.#heap.push(ev);
		this.#up(ev.index);
	}

	/**
	 * Disarms an event.
	 * @returns whether it was armed
	 */
	disarm(ev: machine_event): boolean {
		if (ev.index < 0) return false;
		this.#remove(ev.index);
		return true;
	}

	/** Queues process-context work to run as soon as the current step is over. */
	queue_task(fn: () => void): void {
		this.#tasks.push(fn);
	}

	/** Time of the next armed event in ns, or -1. */
	next_event_ns(): number {
		return this.#heap.length === 0 ? -1 : this.#heap[0].expires_ns;
	}

	/**
	 * Runs everything that is due at the present moment: softirqs, RCU callbacks, work, timers
	 * already expired. Does not move the clock but for the cost of packets.
	 */
	run_pending(): void {
		for (;;) {
			if (this.#softirq_pending !== 0) {
				this.do_softirq();
				continue;
			}
			if (this.#rcu.length !== 0) {
				const list = this.#rcu;
				this.#rcu = [];
				for (const fn of list) fn();
				continue;
			}
			const task = this.#tasks.shift();
			if (task !== undefined) {
				task();
				continue;
			}
			if (this.#heap.length !== 0 && this.#heap[0].expires_ns <= this.now_ns) {
				this.#fire(this.#heap[0]);
				continue;
			}
			return;
		}
	}

	/**
	 * Moves the clock to the next armed event, no further than a limit.
	 * @param limit_ns absolute virtual time
	 * @returns false when nothing was armed before the limit (the clock then stands at the limit)
	 */
	advance(limit_ns: number): boolean {
		const next = this.next_event_ns();
		if (next < 0 || next > limit_ns) {
			if (limit_ns > this.now_ns && Number.isFinite(limit_ns)) this.set_clock(limit_ns);
			return false;
		}
		if (next > this.now_ns) this.set_clock(next);
		return true;
	}

	/** Runs the machine for a span of virtual time, ns. */
	run_for(span_ns: number): void {
		const end = this.now_ns + span_ns;
		do this.run_pending();
		while (this.advance(end));
		this.run_pending();
	}

	#fire(ev: machine_event): void {
		this.#remove(0);
		if (ev.process_context) {
			ev.fn();
			return;
		}
		const was = this.#serving_softirq;
		this.#serving_softirq = true;
		try {
			ev.fn();
		} finally {
			this.#serving_softirq = was;
		}
	}

	#before(a: machine_event, b: machine_event): boolean {
		return a.expires_ns < b.expires_ns || (a.expires_ns === b.expires_ns && a.seq < b.seq);
	}

	#up(i: number): void {
		const h = this.#heap;
		const ev = h[i];
		while (i > 0) {
			const p = (i - 1) >> 1;
			if (!this.#before(ev, h[p])) break;
			h[i] = h[p]!;
			h[i].index = i;
			i = p;
		}
		h[i] = ev;
		ev.index = i;
	}

	#down(i: number): void {
		const h = this.#heap;
		const ev = h[i];
		for (;;) {
			let c = 2 * i + 1;
			if (c >= h.length) break;
			if (c + 1 < h.length && this.#before(h[c + 1], h[c])) c++;
			if (!this.#before(h[c], ev)) break;
			h[i] = h[c]!;
			h[i].index = i;
			i = c;
		}
		h[i] = ev;
		ev.index = i;
	}

	#remove(i: number): void {
		const h = this.#heap;
		const ev = h[i];
		const last = h.pop()!;
		ev.index = -1;
		if (last === ev) return;
		h[i] = last;
		last.index = i;
		this.#up(i);
		this.#down(last.index);
	}
}

/**
 * Present virtual time in ns.
 * @kernel PORT: include/linux/timekeeping.h ktime_get_ns
 */
export function ktime_get_ns(m: Machine): number {
	return m.now_ns;
}

/**
 * 32 random bits from the machine's seeded generator.
 * @kernel PORT: lib/random32.c prandom_u32
 */
export function prandom_u32(m: Machine): number {
	return m.random_u32();
}

/**
 * A random number below a bound.
 * @param ep_ro exclusive upper bound
 * @kernel PORT: include/linux/prandom.h prandom_u32_max
 */
export function prandom_u32_max(m: Machine, ep_ro: number): number {
	return Math.floor((m.random_u32() / 0x100000000) * ep_ro);
}

/**
 * Fills a buffer with random bytes.
 * @kernel PORT: drivers/char/random.c get_random_bytes
 */
export function get_random_bytes(m: Machine, buf: Uint8Array): void {
	for (let i = 0; i < buf.length; i++) buf[i] = m.random_u32() >>> 24;
}

/**
 * Runs a callback once readers that run now are gone.
 * @kernel PORT: kernel/rcu/tree.c call_rcu
 */
export function call_rcu(m: Machine, fn: () => void): void {
	m.call_rcu(fn);
}

/**
 * Records a WARN when a condition holds, and hands the condition back.
 * @kernel PORT: include/asm-generic/bug.h WARN_ON
 */
export function WARN_ON(m: Machine, condition: boolean, place: string, what: string): boolean {
	if (condition) m.record('WARN', place, what);
	return condition;
}

/**
 * Wrap-safe "a is later than b" of two jiffies values.
 * @kernel PORT: include/linux/jiffies.h time_after
 */
export function time_after(a: number, b: number): boolean {
	return a > b;
}

/**
 * "a is earlier than b" of two jiffies values.
 * @kernel PORT: include/linux/jiffies.h time_before
 */
export function time_before(a: number, b: number): boolean {
	return a < b;
}

/**
 * "a is not earlier than b" of two jiffies values.
 * @kernel PORT: include/linux/jiffies.h time_after_eq
 */
export function time_after_eq(a: number, b: number): boolean {
	return a >= b;
}

/**
 * Milliseconds to jiffies.
 * @kernel PORT: include/linux/jiffies.h msecs_to_jiffies
 */
export function msecs_to_jiffies(ms: number): number {
	return Math.ceil((ms * HZ) / MSEC_PER_SEC);
}

/**
 * Jiffies to milliseconds.
 * @kernel PORT: kernel/time/time.c jiffies_to_msecs
 */
export function jiffies_to_msecs(j: number): number {
	return Math.floor((j * MSEC_PER_SEC) / HZ);
}
