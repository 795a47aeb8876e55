// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/core/netevent.c, base v5.10: the notifier chain of neighbour and route events.
 */
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import {
	notifier_call_chain,
	notifier_chain_register,
	notifier_chain_unregister,
	notifier_head,
	type notifier_block,
} from '../../include/linux/notifier.ts';
import type { netevent_ptr } from '../../include/net/netevent.ts';

const netevent_notif_chain = machine_var(() => new notifier_head<netevent_ptr>());

/**
 * Adds a listener.
 * @returns 0
 * @kernel net/core/netevent.c:28 (v5.10)
 */
export function register_netevent_notifier(m: Machine, nb: notifier_block<netevent_ptr>): number {
	return notifier_chain_register(netevent_notif_chain.of(m), nb);
}

/**
 * Takes a listener off.
 * @returns 0, or -2 (ENOENT) when it was not on
 * @kernel net/core/netevent.c:44 (v5.10)
 */
export function unregister_netevent_notifier(m: Machine, nb: notifier_block<netevent_ptr>): number {
	return notifier_chain_unregister(netevent_notif_chain.of(m), nb);
}

/**
 * Tells the listeners of an event.
 * @param val NETEVENT_*
 * @kernel net/core/netevent.c:59 (v5.10)
 */
export function call_netevent_notifiers(m: Machine, val: number, v: netevent_ptr): number {
	const nh = netevent_notif_chain.of(m);
	if (nh.chain.length === 0) return 0;
	return notifier_call_chain(nh, val, v);
}
