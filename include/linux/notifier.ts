/* SPDX-License-Identifier: GPL-2.0+ */
/*
 * include/linux/notifier.h and kernel/notifier.c, base v5.10.
 *
 * Not ported: the four kinds of locking; one chain kind serves all.
 */
export const NOTIFY_DONE = 0x0000;
export const NOTIFY_OK = 0x0001;
export const NOTIFY_STOP_MASK = 0x8000;
export const NOTIFY_BAD = NOTIFY_STOP_MASK | 0x0002;

/** A callback on a chain; higher priority runs first. */
export interface notifier_block<T> {
	notifier_call: (event: number, ptr: T) => number;
	priority: number;
}

/** A chain of callbacks. */
export class notifier_head<T> {
	readonly chain: notifier_block<T>[] = [];
}

/**
 * Adds a callback behind those of equal priority.
 * @returns 0
 * @kernel PORT: kernel/notifier.c:22 notifier_chain_register
 */
export function notifier_chain_register<T>(nh: notifier_head<T>, n: notifier_block<T>): number {
	let i = 0;
	while (i < nh.chain.length && nh.chain[i].priority >= n.priority) i++;
	nh.chain.splice(i, 0, n);
	return 0;
}

/**
 * Takes a callback off a chain.
 * @returns 0, or -2 (ENOENT) when it was not on it
 * @kernel PORT: kernel/notifier.c:40 notifier_chain_unregister
 */
export function notifier_chain_unregister<T>(nh: notifier_head<T>, n: notifier_block<T>): number {
	const i = nh.chain.indexOf(n);
	if (i < 0) return -2;
	nh.chain.splice(i, 1);
	return 0;
}

/**
 * Calls a chain in order until a callback asks to stop.
 * @returns the last callback's answer
 * @kernel PORT: kernel/notifier.c:66 notifier_call_chain
 */
export function notifier_call_chain<T>(nh: notifier_head<T>, event: number, ptr: T): number {
	let ret = NOTIFY_DONE;
	for (const nb of nh.chain.slice()) {
		ret = nb.notifier_call(event, ptr);
		if ((ret & NOTIFY_STOP_MASK) !== 0) break;
	}
	return ret;
}

/**
 * Turns an errno into a chain's answer.
 * @param err 0 or a negative errno
 * @kernel include/linux/notifier.h:189 (v5.10)
 */
export function notifier_from_errno(err: number): number {
	return err !== 0 ? NOTIFY_STOP_MASK | (NOTIFY_OK - err) : NOTIFY_OK;
}

/**
 * Turns a chain's answer into an errno.
 * @returns 0 or a negative errno
 * @kernel include/linux/notifier.h:198 (v5.10)
 */
export function notifier_to_errno(ret: number): number {
	ret &= ~NOTIFY_STOP_MASK;
	return ret > NOTIFY_OK ? NOTIFY_OK - ret : 0;
}
