/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/netfilter/nf_conntrack_zones_common.h, base v5.10: zones keep equal tuples apart.
 *
 * PORT: nf_ct_zone_dflt is a constant of net/netfilter/core.c in C; inlines of headers need it.
 */
import {
	IP_CT_DIR_ORIGINAL,
	IP_CT_DIR_REPLY,
} from '../../uapi/linux/netfilter/nf_conntrack_tuple_common.ts';

export const NF_CT_DEFAULT_ZONE_ID = 0;

export const NF_CT_ZONE_DIR_ORIG = 1 << IP_CT_DIR_ORIGINAL;
export const NF_CT_ZONE_DIR_REPL = 1 << IP_CT_DIR_REPLY;

export const NF_CT_DEFAULT_ZONE_DIR = NF_CT_ZONE_DIR_ORIG | NF_CT_ZONE_DIR_REPL;

export const NF_CT_FLAG_MARK = 1;

/** A zone as a rule or a connection names it. */
export class nf_conntrack_zone {
	/** :16 */
	id: number;
	/** NF_CT_FLAG_MARK: take the id from the packet's mark. */
	flags: number;
	/** NF_CT_ZONE_DIR_*: directions that the id holds for. */
	dir: number;

	constructor(id = NF_CT_DEFAULT_ZONE_ID, dir = NF_CT_DEFAULT_ZONE_DIR, flags = 0) {
		this.id = id;
		this.flags = flags;
		this.dir = dir;
	}
}

export const nf_ct_zone_dflt: Readonly<nf_conntrack_zone> = new nf_conntrack_zone();
