// SPDX-License-Identifier: GPL-2.0-only
/*
 * PORT: ours, no kernel file: where the bridge tells its listener (include/net/br_topology.ts), and what the
 * listener may ask of it.
 */
import type { net_device } from '../../include/linux/netdevice.ts';
import type { u16 } from '../../include/linux/types.ts';
import { br_topology, type br_topology_change } from '../../include/net/br_topology.ts';
import { BR_STATE_FORWARDING, BRIDGE_VLAN_INFO_UNTAGGED } from '../../include/uapi/linux/if_bridge.ts';
import {
	br_get_pvid,
	br_port_get_rtnl,
	br_vlan_find,
	br_vlan_should_use,
	type net_bridge,
	type net_bridge_fdb_entry,
	type net_bridge_port,
	type net_bridge_vlan,
} from './br_private.ts';

/**
 * Tells of an entry that came, changed or went.
 * @param aged it was silent for too long: no news
 * @kernel PORT: ours
 */
export function br_topology_fdb(
	br: net_bridge,
	fdb: net_bridge_fdb_entry,
	gone: boolean,
	aged: boolean,
): void {
	const { by } = br_topology.of(br.machine);
	if (by === null || (gone && aged)) return;
	by.fdb(br.dev, fdb.addr, fdb.vlan_id, fdb.dst?.dev ?? null, gone);
}

/**
 * Last time that a station was heard of, by the bridge or beside it.
 * @returns jiffies
 * @kernel PORT: ours
 */
export function br_topology_seen(br: net_bridge, fdb: net_bridge_fdb_entry): number {
	const { by } = br_topology.of(br.machine);
	if (by === null) return fdb.updated;
	return Math.max(fdb.updated, by.seen(br.dev, fdb.addr, fdb.vlan_id));
}

/**
 * Tells of a port that changed.
 * @kernel PORT: ours
 */
export function br_topology_port(p: net_bridge_port, change: br_topology_change): void {
	br_topology.of(p.br.machine).by?.port(p.dev, change);
}

/**
 * Tells of a bridge that changed as a whole.
 * @kernel PORT: ours
 */
export function br_topology_bridge(br: net_bridge, change: br_topology_change): void {
	br_topology.of(br.machine).by?.port(br.dev, change);
}

/**
 * Tells of a VLAN of a port or bridge that came, changed or went. Without filtering nobody looks at VLANs.
 * @kernel PORT: ours
 */
export function br_topology_vlan(v: net_bridge_vlan, change: br_topology_change): void {
	const br = v.br ?? v.port!.br;
	if (br.vlan_enabled)
		br_topology.of(br.machine).by?.port(v.port !== null ? v.port.dev : br.dev, change);
}

/**
 * Tells whether the bridge itself would send by a port what comes down from above, and as v3 does it: untagged,
 * or with the tag of a VLAN device on the bridge.
 * @param vid tag that frames have on the bridge, 0 for none
 * @param proto its ethertype
 * @kernel PORT: ours; should_deliver() and br_allowed_egress() without a packet
 */
export function br_topology_usable(
	br_dev: net_device,
	dev: net_device,
	vid: u16,
	proto: number,
): boolean {
	const p = br_port_get_rtnl(dev);
	if (p === null || p.br.dev !== br_dev || p.state !== BR_STATE_FORWARDING) return false;
	const { br } = p;
	if (!br.vlan_enabled) return true;
	if (vid !== 0 && proto !== br.vlan_proto) return false;
	const id = vid !== 0 ? vid : br_get_pvid(br.vlgrp);
	const own = br_vlan_find(br.vlgrp, id);
	const v = br_vlan_find(p.vlgrp, id);
	if (own === null || !br_vlan_should_use(own) || v === null || !br_vlan_should_use(v)) return false;
	if (v.state !== BR_STATE_FORWARDING) return false;
	const untagged = (v.flags & BRIDGE_VLAN_INFO_UNTAGGED) !== 0;
	return vid !== 0 ? !untagged : untagged && br_get_pvid(p.vlgrp) === id;
}
