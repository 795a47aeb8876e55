// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/netfilter/nf_conntrack_extend.c, base v5.10: optional parts of a connection.
 *
 * PORT: the parts are plain fields of nf_conn; what is left is what to do when a connection goes.
 * Not ported: adding a part in general (each is its own field).
 */
import type { nf_conn } from '../../include/net/netfilter/nf_conntrack.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import { EBUSY } from '../../include/uapi/linux/errno.ts';

/** A kind of part: its name, and what is done when a connection with or without it is freed. */
export interface nf_ct_ext_type {
	id: string;
	destroy: ((ct: nf_conn) => void) | null;
}

const nf_ct_ext_types = machine_var((): nf_ct_ext_type[] => []);

/**
 * Lets all kinds of parts go of a connection.
 * @kernel net/netfilter/nf_conntrack_extend.c:20 (v5.10)
 */
export function nf_ct_ext_destroy(ct: nf_conn): void {
	const types = nf_ct_ext_types.of(ct.ct_net.machine);
	for (let i = 0; i < types.length; i++) types[i].destroy?.(ct);
}

/**
 * Registers a kind of part.
 * @returns 0 or -EBUSY when it is known
 * @kernel net/netfilter/nf_conntrack_extend.c:90 (v5.10)
 */
export function nf_ct_extend_register(m: Machine, type: nf_ct_ext_type): number {
	const types = nf_ct_ext_types.of(m);
	if (types.some((t) => t.id === type.id)) return -EBUSY;
	types.push(type);
	return 0;
}

/**
 * Takes a kind of part out.
 * @kernel net/netfilter/nf_conntrack_extend.c:108 (v5.10)
 */
export function nf_ct_extend_unregister(m: Machine, type: nf_ct_ext_type): void {
	const types = nf_ct_ext_types.of(m);
	const i = types.indexOf(type);
	if (i >= 0) types.splice(i, 1);
}
