// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/bridge/br_stp.c, base v5.10: port states.
 *
 * Not ported: the spanning tree protocol (elections, BPDUs, timers of blocked ports, notes of a changed
 * topology): a user sets states. What stands here is what a bridge without it does: designate every port and
 * forward.
 */
import { mod_delayed_work } from '../../include/linux/workqueue.ts';
import { HZ } from '../../include/linux/machine.ts';
import { BR_TOPOLOGY_STATE } from '../../include/net/br_topology.ts';
import {
	BR_STATE_BLOCKING,
	BR_STATE_DISABLED,
	BR_STATE_FORWARDING,
} from '../../include/uapi/linux/if_bridge.ts';
import { netif_carrier_off, netif_carrier_on } from '../sched/sch_generic.ts';
import { br_multicast_enable_port } from './br_multicast.ts';
import type { bridge_id, net_bridge, net_bridge_port } from './br_private.ts';
import { br_topology_port } from './br_topology.ts';

const br_port_state_names = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'];

/**
 * Puts a port into a state.
 * @param state BR_STATE_*
 * @kernel net/bridge/br_stp.c:29 (v5.10)
 */
export function br_set_state(p: net_bridge_port, state: number): void {
	const changed = p.state !== state;
	p.state = state;
	/* PORT: whoever caches ways through the bridge. */
	if (changed) br_topology_port(p, BR_TOPOLOGY_STATE);
	p.br.machine.printk(
		`${p.br.dev.name}: port ${String(p.port_no)}(${p.dev.name}) entered ${br_port_state_names[state]} state`,
	);
}

/**
 * Copies an identity.
 * @kernel PORT: assignment of struct bridge_id
 */
function id_copy(to: bridge_id, from: bridge_id): void {
	to.prio = from.prio;
	to.addr.set(from.addr);
}

/**
 * Tells whether two identities are one.
 * @kernel PORT: memcmp of struct bridge_id
 */
function id_equal(a: bridge_id, b: bridge_id): boolean {
	return a.prio === b.prio && a.addr.every((v, i) => v === b.addr[i]);
}

/**
 * Tells whether a port is the designated one of its network.
 * @kernel net/bridge/br_private_stp.h:42 (v5.10)
 */
function br_is_designated_port(p: net_bridge_port): boolean {
	return id_equal(p.designated_bridge, p.br.bridge_id) && p.designated_port === p.port_id;
}

/**
 * Finds the bridge's own place: it is the root.
 * @kernel net/bridge/br_stp.c:147 (v5.10)
 */
function br_root_selection(br: net_bridge): void {
	br.root_port = 0;
	id_copy(br.designated_root, br.bridge_id);
	br.root_path_cost = 0;
}

/**
 * Recomputes the tree after a change of identities.
 * @kernel net/bridge/br_stp.c:391 (v5.10)
 */
export function br_configuration_update(br: net_bridge): void {
	br_root_selection(br);
	for (const p of br.port_list) if (p.state !== BR_STATE_DISABLED) br_become_designated_port(p);
}

/**
 * Makes a port the designated one of its network.
 * @kernel net/bridge/br_stp.c:398 (v5.10)
 */
export function br_become_designated_port(p: net_bridge_port): void {
	const { br } = p;
	id_copy(p.designated_root, br.designated_root);
	p.designated_cost = br.root_path_cost;
	id_copy(p.designated_bridge, br.bridge_id);
	p.designated_port = p.port_id;
}

/**
 * Blocks a port.
 * @kernel net/bridge/br_stp.c:411 (v5.10)
 */
function br_make_blocking(p: net_bridge_port): void {
	if (p.state !== BR_STATE_DISABLED && p.state !== BR_STATE_BLOCKING)
		br_set_state(p, BR_STATE_BLOCKING);
}

/**
 * Lets a blocked port forward.
 * @kernel net/bridge/br_stp.c:427 (v5.10)
 */
function br_make_forwarding(p: net_bridge_port): void {
	if (p.state !== BR_STATE_BLOCKING) return;
	br_set_state(p, BR_STATE_FORWARDING);
}

/**
 * Decides for every port whether it forwards; the bridge has carrier while one does.
 * @kernel net/bridge/br_stp.c:450 (v5.10)
 */
export function br_port_state_selection(br: net_bridge): void {
	let liveports = 0;
	for (const p of br.port_list) {
		if (p.state === BR_STATE_DISABLED) continue;
		if (p.port_no === br.root_port || br_is_designated_port(p)) br_make_forwarding(p);
		else br_make_blocking(p);
		/* what blocks stops by itself when its timers end */
		if (p.state !== BR_STATE_BLOCKING) br_multicast_enable_port(p);
		if (p.state === BR_STATE_FORWARDING) liveports++;
	}
	if (liveports === 0) netif_carrier_off(br.dev);
	else netif_carrier_on(br.dev);
}

/**
 * Sets the time after which silent stations are forgotten.
 * @param ageing_time hundredths of a second
 * @returns 0
 * @kernel net/bridge/br_stp.c:609 (v5.10)
 */
export function br_set_ageing_time(br: net_bridge, ageing_time: number): number {
	const t = Math.floor((ageing_time * HZ) / 100);
	br.bridge_ageing_time = t;
	br.ageing_time = t;
	if (br.gc_work !== null) mod_delayed_work(br.gc_work, 0);
	return 0;
}

/**
 * Sets or clears the mark of a topology change, which makes stations age fast.
 * @kernel net/bridge/br_stp.c:629 (v5.10)
 */
export function __br_set_topology_change(br: net_bridge, val: number): void {
	br.topology_change = val;
}

/**
 * Sets the forward delay; limits hold only with the protocol.
 * @param val hundredths of a second
 * @returns 0
 * @kernel net/bridge/br_stp.c:664 (v5.10)
 */
export function br_set_forward_delay(br: net_bridge, val: number): number {
	const t = Math.floor((val * HZ) / 100);
	br.bridge_forward_delay = t;
	br.forward_delay = t;
	return 0;
}
