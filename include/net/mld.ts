/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/mld.h, base v5.10: offsets of multicast listener messages of both versions.
 */
import { get_unaligned_be16 } from '../linux/byteorder/generic.ts';

/* struct mld_msg: version 1 query, report, done */
export const MLD_MSG_maxdelay = 4;
export const MLD_MSG_mca = 8;
/** sizeof(struct mld_msg) */
export const MLD_MSG_LEN = 24;

/* struct mld2_grec, a record of a version 2 report */
export const MLD2_GREC_type = 0;
export const MLD2_GREC_auxwords = 1;
export const MLD2_GREC_nsrcs = 2;
export const MLD2_GREC_mca = 4;
export const MLD2_GREC_src = 20;
/** sizeof(struct mld2_grec) */
export const MLD2_GREC_LEN = 20;

/* struct mld2_report */
export const MLD2_REPORT_ngrec = 6;
export const MLD2_REPORT_grec = 8;
/** sizeof(struct mld2_report) */
export const MLD2_REPORT_LEN = 8;

/* struct mld2_query */
export const MLD2_QUERY_mrc = 4;
export const MLD2_QUERY_mca = 8;
/** Suppress flag in bit 3, robustness in bits 0-2. */
export const MLD2_QUERY_qrv = 24;
export const MLD2_QUERY_qqic = 25;
export const MLD2_QUERY_nsrcs = 26;
export const MLD2_QUERY_srcs = 28;
/** sizeof(struct mld2_query) */
export const MLD2_QUERY_LEN = 28;

/**
 * Exponent of a maximum response code.
 * @kernel include/net/mld.h:77 (v5.10)
 */
export function MLDV2_MRC_EXP(value: number): number {
	return (value >> 12) & 0x0007;
}

/**
 * Mantissa of a maximum response code.
 * @kernel include/net/mld.h:78 (v5.10)
 */
export function MLDV2_MRC_MAN(value: number): number {
	return value & 0x0fff;
}

/**
 * Exponent of a query interval code.
 * @kernel include/net/mld.h:89 (v5.10)
 */
export function MLDV2_QQIC_EXP(value: number): number {
	return (value >> 4) & 0x07;
}

/**
 * Mantissa of a query interval code.
 * @kernel include/net/mld.h:90 (v5.10)
 */
export function MLDV2_QQIC_MAN(value: number): number {
	return value & 0x0f;
}

export const MLD_EXP_MIN_LIMIT = 32768;
export const MLDV1_MRD_MAX_COMPAT = MLD_EXP_MIN_LIMIT - 1;

/**
 * Maximum response delay of a version 2 query.
 * @param head the packet's bytes
 * @param mlh2 offset of the query
 * @returns milliseconds
 * @kernel include/net/mld.h:95 (v5.10)
 */
export function mldv2_mrc(head: Uint8Array, mlh2: number): number {
	const mc_mrc: number = get_unaligned_be16(head, mlh2 + MLD2_QUERY_mrc);
	if (mc_mrc < MLD_EXP_MIN_LIMIT) return mc_mrc;
	return (MLDV2_MRC_MAN(mc_mrc) | 0x1000) << (MLDV2_MRC_EXP(mc_mrc) + 3);
}
