// SPDX-License-Identifier: GPL-2.0
/*
 * net/netfilter/nf_flow_table_offload.c, base v5.10: offering a flow table to hardware.
 *
 * Not ported: everything behind a device that accepts. No device of this world has a flow block, so a table
 * with the offload flag is refused as a kernel refuses it when no driver can do it.
 */
import type { net_device } from '../../include/linux/netdevice.ts';
import { nf_flowtable_hw_offload, type nf_flowtable } from '../../include/net/netfilter/nf_flow_table.ts';
import { EOPNOTSUPP } from '../../include/uapi/linux/errno.ts';

/**
 * Offers a table to a device's hardware.
 * v3: S04 - a rule would read the union of a DIRECT direction as a destination; no device gets that far.
 * @returns 0 without the offload flag, else -EOPNOTSUPP
 * @kernel net/netfilter/nf_flow_table_offload.c:988 (v5.10)
 */
export function nf_flow_table_offload_setup(
	flowtable: nf_flowtable,
	_dev: net_device,
	_cmd: number,
): number {
	return nf_flowtable_hw_offload(flowtable) ? -EOPNOTSUPP : 0;
}
