/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PORT: ours, no kernel file: what a bridge tells of its topology to one who caches ways through it.
 *
 * fdb_notify() of 5.10 tells user land, and switchdev drivers without the difference between ageing and deletion;
 * states, flags and VLANs of ports go to drivers by other ways, isolation by none. Here it is one
 * listener of the machine; while there is none an event costs one look at a variable.
 */
import { machine_var } from '../linux/machine.ts';
import type { net_device } from '../linux/netdevice.ts';
import type { u16 } from '../linux/types.ts';

/* What happened to a port or bridge. */
export const BR_TOPOLOGY_STATE = 0;
export const BR_TOPOLOGY_LEFT = 1;
export const BR_TOPOLOGY_ISOLATED = 2;
export const BR_TOPOLOGY_VLAN = 3;
export type br_topology_change =
	| typeof BR_TOPOLOGY_STATE
	| typeof BR_TOPOLOGY_LEFT
	| typeof BR_TOPOLOGY_ISOLATED
	| typeof BR_TOPOLOGY_VLAN;

/** Who caches ways through bridges. */
export interface br_topology_listener {
	/**
	 * An entry came, changed or went; not told of those that aged out.
	 * @param addr 6 bytes, the entry's own
	 * @param port where the station is now; null for the bridge itself
	 * @param gone the entry was there
	 */
	fdb: (br: net_device, addr: Uint8Array, vid: u16, port: net_device | null, gone: boolean) => void;
	/** A port changed, or a bridge. */
	port: (dev: net_device, change: br_topology_change) => void;
	/**
	 * Asks for the last time that frames of a station passed by the bridge's side.
	 * @returns jiffies, 0 for never
	 */
	seen: (br: net_device, addr: Uint8Array, vid: u16) => number;
}

/** The machine's listener, or null. */
export const br_topology = machine_var((): { by: br_topology_listener | null } => ({ by: null }));
