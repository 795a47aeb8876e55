/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/pim.h, base v5.10: the common header of PIM messages, for bridges that look for routers.
 *
 * Not ported: register messages (multicast routing).
 */
import { htonl } from './byteorder/generic.ts';
import type { __be32 } from './types.ts';

export const PIM_VERSION = 2;
export const PIM_TYPE_HELLO = 0;

/* struct pimhdr */
export const PIMHDR_type = 0;
/** sizeof(struct pimhdr) */
export const PIMHDR_LEN = 4;

/**
 * Version of a message.
 * @param head the packet's bytes
 * @param pimhdr offset of the header
 * @kernel include/linux/pim.h:81 (v5.10)
 */
export function pim_hdr_version(head: Uint8Array, pimhdr: number): number {
	return head[pimhdr + PIMHDR_type] >> 4;
}

/**
 * Type of a message.
 * @param head the packet's bytes
 * @param pimhdr offset of the header
 * @kernel include/linux/pim.h:86 (v5.10)
 */
export function pim_hdr_type(head: Uint8Array, pimhdr: number): number {
	return head[pimhdr + PIMHDR_type] & 0xf;
}

/**
 * Tells whether an address is 224.0.0.13.
 * @kernel include/linux/pim.h:92 (v5.10)
 */
export function pim_ipv4_all_pim_routers(addr: __be32): boolean {
	return addr === htonl(0xe000000d);
}
