// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/bridge/br_stp_if.c, base v5.10: ports and bridges going up and down, identities.
 *
 * Not ported: starting and stopping the protocol; switching it on is refused by the link kind.
 */
import { HZ } from '../../include/linux/machine.ts';
import { ether_addr_equal } from '../../include/linux/etherdevice.ts';
import { NET_ADDR_SET, netif_oper_up, netif_running } from '../../include/linux/netdevice.ts';
import { cancel_delayed_work_sync, mod_delayed_work } from '../../include/linux/workqueue.ts';
import { ERANGE } from '../../include/uapi/linux/errno.ts';
import { BR_STATE_BLOCKING, BR_STATE_DISABLED } from '../../include/uapi/linux/if_bridge.ts';
import { br_fdb_change_mac_address, br_fdb_delete_by_port } from './br_fdb.ts';
import { br_multicast_disable_port } from './br_multicast.ts';
import { BR_ADMIN_COST, BR_PORT_BITS, type net_bridge, type net_bridge_port } from './br_private.ts';
import {
	__br_set_topology_change,
	br_become_designated_port,
	br_configuration_update,
	br_port_state_selection,
	br_set_state,
} from './br_stp.ts';

const BR_MAX_PORT_PRIORITY = 0xffff >> BR_PORT_BITS;
const BR_MIN_PATH_COST = 1;
const BR_MAX_PATH_COST = 65535;

/**
 * Port id out of priority and number.
 * @kernel net/bridge/br_stp_if.c:24 (v5.10)
 */
function br_make_port_id(priority: number, port_no: number): number {
	return ((priority << BR_PORT_BITS) | (port_no & ((1 << BR_PORT_BITS) - 1))) & 0xffff;
}

/**
 * Sets a port up: designated, blocking until the selection.
 * @kernel net/bridge/br_stp_if.c:33 (v5.10)
 */
export function br_init_port(p: net_bridge_port): void {
	p.port_id = br_make_port_id(p.priority, p.port_no);
	br_become_designated_port(p);
	br_set_state(p, BR_STATE_BLOCKING);
	p.topology_change_ack = 0;
	p.config_pending = 0;
}

/**
 * Starts a bridge that comes up.
 * @kernel net/bridge/br_stp_if.c:49 (v5.10)
 */
export function br_stp_enable_bridge(br: net_bridge): void {
	mod_delayed_work(br.gc_work!, HZ / 10);
	for (const p of br.port_list)
		if (netif_running(p.dev) && netif_oper_up(p.dev)) br_stp_enable_port(p);
}

/**
 * Stops a bridge that goes down.
 * @kernel net/bridge/br_stp_if.c:69 (v5.10)
 */
export function br_stp_disable_bridge(br: net_bridge): void {
	for (const p of br.port_list) if (p.state !== BR_STATE_DISABLED) br_stp_disable_port(p);
	__br_set_topology_change(br, 0);
	br.topology_change_detected = 0;
	cancel_delayed_work_sync(br.gc_work!);
}

/**
 * Starts a port.
 * @kernel net/bridge/br_stp_if.c:91 (v5.10)
 */
export function br_stp_enable_port(p: net_bridge_port): void {
	br_init_port(p);
	br_port_state_selection(p.br);
}

/**
 * Stops a port; the stations behind it are forgotten.
 * @kernel net/bridge/br_stp_if.c:99 (v5.10)
 */
export function br_stp_disable_port(p: net_bridge_port): void {
	const { br } = p;
	br_become_designated_port(p);
	br_set_state(p, BR_STATE_DISABLED);
	p.topology_change_ack = 0;
	p.config_pending = 0;
	if (p.backup_port === null) br_fdb_delete_by_port(br, p, 0, false);
	br_multicast_disable_port(p);
	br_configuration_update(br);
	br_port_state_selection(br);
}

/**
 * Gives a bridge another address.
 * @param addr 6 bytes
 * @kernel net/bridge/br_stp_if.c:222 (v5.10)
 */
export function br_stp_change_bridge_id(br: net_bridge, addr: Uint8Array): void {
	br_fdb_change_mac_address(br, addr);
	const oldaddr = br.bridge_id.addr.slice();
	br.bridge_id.addr.set(addr.subarray(0, 6));
	br.dev.dev_addr.set(addr.subarray(0, 6));
	for (const p of br.port_list) {
		if (ether_addr_equal(p.designated_bridge.addr, 0, oldaddr, 0))
			p.designated_bridge.addr.set(addr.subarray(0, 6));
		if (ether_addr_equal(p.designated_root.addr, 0, oldaddr, 0))
			p.designated_root.addr.set(addr.subarray(0, 6));
	}
	br_configuration_update(br);
	br_port_state_selection(br);
}

/**
 * Gives a bridge the lowest address of its ports, unless the user chose one.
 * @returns whether the address changed
 * @kernel net/bridge/br_stp_if.c:256 (v5.10)
 */
export function br_stp_recalculate_bridge_id(br: net_bridge): boolean {
	if (br.dev.addr_assign_type === NET_ADDR_SET) return false;
	let addr: Uint8Array | null = null;
	for (const p of br.port_list) if (addr === null || lower(p.dev.dev_addr, addr)) addr = p.dev.dev_addr;
	const next = addr ?? new Uint8Array(6);
	if (ether_addr_equal(br.bridge_id.addr, 0, next, 0)) return false;
	br_stp_change_bridge_id(br, next.slice(0, 6));
	return true;
}

/**
 * Tells whether one address comes before another.
 * @kernel PORT: memcmp
 */
function lower(a: Uint8Array, b: Uint8Array): boolean {
	for (let i = 0; i < 6; i++) if (a[i] !== b[i]) return a[i] < b[i];
	return false;
}

/**
 * Sets a bridge's priority.
 * @kernel net/bridge/br_stp_if.c:282 (v5.10)
 */
export function br_stp_set_bridge_priority(br: net_bridge, newprio: number): void {
	for (const p of br.port_list)
		if (p.state !== BR_STATE_DISABLED) p.designated_bridge.prio = newprio & 0xffff;
	br.bridge_id.prio = newprio & 0xffff;
	br_configuration_update(br);
	br_port_state_selection(br);
}

/**
 * Sets a port's priority.
 * @returns 0 or -ERANGE
 * @kernel net/bridge/br_stp_if.c:309 (v5.10)
 */
export function br_stp_set_port_priority(p: net_bridge_port, newprio: number): number {
	if (newprio > BR_MAX_PORT_PRIORITY) return -ERANGE;
	const new_port_id = br_make_port_id(newprio, p.port_no);
	p.designated_port = new_port_id;
	p.port_id = new_port_id;
	p.priority = newprio;
	return 0;
}

/**
 * Sets a port's cost.
 * @returns 0 or -ERANGE
 * @kernel net/bridge/br_stp_if.c:332 (v5.10)
 */
export function br_stp_set_path_cost(p: net_bridge_port, path_cost: number): number {
	if (path_cost < BR_MIN_PATH_COST || path_cost > BR_MAX_PATH_COST) return -ERANGE;
	p.flags |= BR_ADMIN_COST;
	p.path_cost = path_cost;
	br_configuration_update(p.br);
	br_port_state_selection(p.br);
	return 0;
}
