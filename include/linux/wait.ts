/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/wait.h, base v5.10.
 *
 * PORT: a sleeper is a callback; the run loop of the machine room resumes the program that waits.
 */

/** Those who wait for something. */
export class wait_queue_head {
	readonly head: (() => void)[] = [];
}

/**
 * Adds a sleeper.
 * @kernel include/linux/wait.h:164 (v5.10)
 */
export function add_wait_queue(wq: wait_queue_head, wake: () => void): void {
	wq.head.push(wake);
}

/**
 * Takes a sleeper off.
 * @kernel include/linux/wait.h:166 (v5.10)
 */
export function remove_wait_queue(wq: wait_queue_head, wake: () => void): void {
	const i = wq.head.indexOf(wake);
	if (i >= 0) wq.head.splice(i, 1);
}

/**
 * Wakes all sleepers; each decides whether to sleep on.
 * @kernel include/linux/wait.h:211 (v5.10)
 */
export function wake_up(wq: wait_queue_head): void {
	if (wq.head.length === 0) return;
	for (const wake of wq.head.slice()) wake();
}
