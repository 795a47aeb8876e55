/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/esp.h with the header of include/uapi/linux/ip.h, base v5.10.
 */

/* struct ip_esp_hdr: offsets of big-endian fields */
export const ESPHDR_spi = 0;
export const ESPHDR_seq_no = 4;
export const ESPHDR_LEN = 8;

/**
 * Writes the trailer of an ESP payload: padding 1, 2, 3, …, its length, the protocol inside.
 * @param off where in buf
 * @param plen bytes of padding and of the two that follow it
 * @param proto IPPROTO_*
 * @kernel include/net/esp.h:14 (v5.10)
 */
export function esp_output_fill_trailer(
	buf: Uint8Array,
	off: number,
	plen: number,
	proto: number,
): void {
	for (let i = 0; i < plen - 2; i++) buf[off + i] = i + 1;
	buf[off + plen - 2] = plen - 2;
	buf[off + plen - 1] = proto;
}
