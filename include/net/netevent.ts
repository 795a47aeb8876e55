/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netevent.h, base v5.10: events of neighbours and routes for whoever listens.
 */
import type { neighbour } from './neighbour.ts';
import type { net } from './net_namespace.ts';
import type { neigh_parms } from './neighbour.ts';
import type { dst_entry } from './dst.ts';

/** Payload of NETEVENT_REDIRECT. */
export interface netevent_redirect {
	old: dst_entry;
	new: dst_entry;
	neigh: neighbour;
	daddr: number | Uint8Array;
}

/** What an event carries: by its number, see the constants. */
export type netevent_ptr = neighbour | netevent_redirect | neigh_parms | net;

/** neighbour */
export const NETEVENT_NEIGH_UPDATE = 1;
/** netevent_redirect */
export const NETEVENT_REDIRECT = 2;
/** neigh_parms */
export const NETEVENT_DELAY_PROBE_TIME_UPDATE = 3;
/** net */
export const NETEVENT_IPV4_MPATH_HASH_UPDATE = 4;
/** net */
export const NETEVENT_IPV6_MPATH_HASH_UPDATE = 5;
/** net */
export const NETEVENT_IPV4_FWD_UPDATE_PRIORITY_UPDATE = 6;
