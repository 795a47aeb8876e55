/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/timer.h and the part of include/linux/hrtimer.h that TCP pacing uses, base v5.10.
 *
 * PORT: timers sit in the machine's one event queue; a timer is bound to its machine when it is set up.
 */
import { U32_ZERO } from './types.ts';
import { HZ, machine_event, NSEC_PER_SEC, type Machine } from './machine.ts';

const NSEC_PER_JIFFY = NSEC_PER_SEC / HZ;

/** A timer in jiffies; `function` runs in softirq context. */
export class timer_list {
	/** Jiffies. */
	expires = U32_ZERO;
	machine: Machine;
	event: machine_event;

	/**
	 * @param machine whose clock it runs on
	 * @param fn what to run at expiry
	 */
	constructor(machine: Machine, fn: () => void) {
		this.machine = machine;
		this.event = new machine_event(fn);
	}
}

/**
 * Makes a timer.
 * @param fn runs at expiry in softirq context
 * @kernel include/linux/timer.h:138 (v5.10)
 */
export function timer_setup(m: Machine, fn: () => void): timer_list {
	return new timer_list(m, fn);
}

/**
 * Arms or moves a timer.
 * @param expires absolute jiffies
 * @returns 1 when it was pending before, else 0
 * @kernel include/linux/timer.h:168 (v5.10)
 */
export function mod_timer(timer: timer_list, expires: number): number {
	const was = timer.event.index >= 0 ? 1 : 0;
	/* A timer that is moved to where it is keeps its place among those of the same time. */
	if (was === 1 && timer.expires === expires) return 1;
	timer.expires = expires;
	timer.machine.arm(timer.event, expires * NSEC_PER_JIFFY);
	return was;
}

/**
 * Arms a timer that is not pending at its `expires`.
 * @kernel include/linux/timer.h:178 (v5.10)
 */
export function add_timer(timer: timer_list): void {
	mod_timer(timer, timer.expires);
}

/**
 * Disarms a timer.
 * @returns 1 when it was pending, else 0
 * @kernel include/linux/timer.h:167 (v5.10)
 */
export function del_timer(timer: timer_list): number {
	return timer.machine.disarm(timer.event) ? 1 : 0;
}

/**
 * Disarms a timer; nothing runs beside us, so there is no one to wait for.
 * @returns 1 when it was pending, else 0
 * @kernel include/linux/timer.h:184 (v5.10)
 */
export function del_timer_sync(timer: timer_list): number {
	return del_timer(timer);
}

/**
 * Tells whether a timer is armed.
 * @kernel include/linux/timer.h:163 (v5.10)
 */
export function timer_pending(timer: timer_list): boolean {
	return timer.event.index >= 0;
}

/** A timer in nanoseconds; runs in softirq context. */
export class hrtimer {
	machine: Machine;
	event: machine_event;

	/**
	 * @param machine whose clock it runs on
	 * @param fn what to run at expiry
	 */
	constructor(machine: Machine, fn: () => void) {
		this.machine = machine;
		this.event = new machine_event(fn);
	}
}

/**
 * Arms a nanosecond timer.
 * @param expires_ns absolute virtual time, ns
 * @kernel PORT: include/linux/hrtimer.h hrtimer_start
 */
export function hrtimer_start(timer: hrtimer, expires_ns: number): void {
	timer.machine.arm(timer.event, expires_ns);
}

/**
 * Disarms a nanosecond timer.
 * @returns 1 when it was pending, else 0
 * @kernel PORT: include/linux/hrtimer.h hrtimer_try_to_cancel
 */
export function hrtimer_try_to_cancel(timer: hrtimer): number {
	return timer.machine.disarm(timer.event) ? 1 : 0;
}

/**
 * Tells whether a nanosecond timer is armed.
 * @kernel PORT: include/linux/hrtimer.h hrtimer_is_queued
 */
export function hrtimer_is_queued(timer: hrtimer): boolean {
	return timer.event.index >= 0;
}
