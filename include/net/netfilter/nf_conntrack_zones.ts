/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nf_conntrack_zones.h, base v5.10.
 */
import type { sk_buff } from '../../linux/skbuff.ts';
import {
	NF_CT_DEFAULT_ZONE_ID,
	NF_CT_FLAG_MARK,
	nf_ct_zone_dflt,
	nf_conntrack_zone,
} from '../../linux/netfilter/nf_conntrack_zones_common.ts';
import type { nf_conn } from './nf_conntrack.ts';

/**
 * Zone of a connection.
 * @kernel include/net/netfilter/nf_conntrack_zones.h:9 (v5.10)
 */
export function nf_ct_zone(ct: nf_conn): Readonly<nf_conntrack_zone> {
	return ct.zone;
}

/**
 * Fills a zone.
 * @kernel include/net/netfilter/nf_conntrack_zones.h:19 (v5.10)
 */
export function nf_ct_zone_init(
	zone: nf_conntrack_zone,
	id: number,
	dir: number,
	flags: number,
): nf_conntrack_zone {
	zone.id = id & 0xffff;
	zone.flags = flags;
	zone.dir = dir;
	return zone;
}

/**
 * Zone that a template asks for.
 * @param tmpl null: the default zone
 * @param tmp filled and returned when the zone comes from the packet's mark
 * @kernel include/net/netfilter/nf_conntrack_zones.h:29 (v5.10)
 */
export function nf_ct_zone_tmpl(
	tmpl: nf_conn | null,
	skb: sk_buff,
	tmp: nf_conntrack_zone,
): Readonly<nf_conntrack_zone> {
	if (tmpl === null) return nf_ct_zone_dflt;
	if ((tmpl.zone.flags & NF_CT_FLAG_MARK) !== 0)
		return nf_ct_zone_init(tmp, skb.mark, tmpl.zone.dir, 0);
	return nf_ct_zone(tmpl);
}

/**
 * Sets the zone of a new connection.
 * @kernel include/net/netfilter/nf_conntrack_zones.h:42 (v5.10)
 */
export function nf_ct_zone_add(ct: nf_conn, zone: Readonly<nf_conntrack_zone>): void {
	const { id, dir, flags } = nf_ct_zone_dflt;
	ct.zone =
		zone.id === id && zone.dir === dir && zone.flags === flags
			? nf_ct_zone_dflt
			: nf_ct_zone_init(new nf_conntrack_zone(), zone.id, zone.dir, zone.flags);
}

/**
 * Tells whether a zone holds for a direction.
 * @param dir IP_CT_DIR_*
 * @kernel include/net/netfilter/nf_conntrack_zones.h:50 (v5.10)
 */
export function nf_ct_zone_matches_dir(zone: Readonly<nf_conntrack_zone>, dir: number): boolean {
	return (zone.dir & (1 << dir)) !== 0;
}

/**
 * Id of a zone in a direction.
 * @param dir IP_CT_DIR_*
 * @kernel include/net/netfilter/nf_conntrack_zones.h:56 (v5.10)
 */
export function nf_ct_zone_id(zone: Readonly<nf_conntrack_zone>, dir: number): number {
	return nf_ct_zone_matches_dir(zone, dir) ? zone.id : NF_CT_DEFAULT_ZONE_ID;
}

/**
 * Tells whether a connection is in a zone, in one direction.
 * @param dir IP_CT_DIR_*
 * @kernel include/net/netfilter/nf_conntrack_zones.h:67 (v5.10)
 */
export function nf_ct_zone_equal(a: nf_conn, b: Readonly<nf_conntrack_zone>, dir: number): boolean {
	return a.zone === b || nf_ct_zone_id(a.zone, dir) === nf_ct_zone_id(b, dir);
}

/**
 * Tells whether a connection is in a zone, whatever the direction.
 * @kernel include/net/netfilter/nf_conntrack_zones.h:79 (v5.10)
 */
export function nf_ct_zone_equal_any(a: nf_conn, b: Readonly<nf_conntrack_zone>): boolean {
	return a.zone.id === b.id;
}
