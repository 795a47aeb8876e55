/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/workqueue.h, base v5.10.
 *
 * PORT: one queue a machine, run in order by the run loop in process context.
 * Not ported: workqueue attributes, ordering between queues, cancellation races: nothing runs beside us.
 */
import { HZ, machine_event, NSEC_PER_SEC, type Machine } from './machine.ts';

const NSEC_PER_JIFFY = NSEC_PER_SEC / HZ;

/** Work that runs in process context, at once or after a delay. */
export class delayed_work {
	machine: Machine;
	event: machine_event;

	/**
	 * @param machine that runs it
	 * @param fn the work
	 */
	constructor(machine: Machine, fn: () => void) {
		this.machine = machine;
		this.event = new machine_event(fn, true);
	}
}

/** Work without delay. */
export class work_struct extends delayed_work {}

/**
 * Tells whether work waits on the queue.
 * @kernel include/linux/workqueue.h:298 (v5.10)
 */
export function delayed_work_pending(work: delayed_work): boolean {
	return work.event.index >= 0;
}

/**
 * Queues work after a delay unless it is pending.
 * @param delay jiffies
 * @returns true when queued, false when it was pending
 * @kernel include/linux/workqueue.h:515 (v5.10)
 */
export function queue_delayed_work(work: delayed_work, delay: number): boolean {
	if (work.event.index >= 0) return false;
	const m = work.machine;
	/* A delay counts from the last tick; zero means as soon as possible. */
	const at = delay === 0 ? m.now_ns : (m.jiffies + delay) * NSEC_PER_JIFFY;
	m.arm(work.event, at);
	return true;
}

/**
 * Queues work after a delay, moving it when it is pending.
 * @param delay jiffies
 * @kernel include/linux/workqueue.h:530 (v5.10)
 */
export function mod_delayed_work(work: delayed_work, delay: number): void {
	work.machine.disarm(work.event);
	queue_delayed_work(work, delay);
}

/**
 * Queues work to run as soon as possible unless it is pending.
 * @kernel include/linux/workqueue.h:563 (v5.10)
 */
export function schedule_work(work: work_struct): boolean {
	return queue_delayed_work(work, 0);
}

/**
 * Takes pending work off the queue.
 * @returns whether it was pending
 * @kernel include/linux/workqueue.h:465 (v5.10)
 */
export function cancel_delayed_work_sync(work: delayed_work): boolean {
	return work.machine.disarm(work.event);
}

/**
 * Runs pending work now instead of waiting for its time.
 * @returns whether it was pending
 * @kernel include/linux/workqueue.h:462 (v5.10)
 */
export function flush_delayed_work(work: delayed_work): boolean {
	if (!work.machine.disarm(work.event)) return false;
	work.event.fn();
	return true;
}
