// SPDX-License-Identifier: GPL-2.0-only
/*
 * PORT: no kernel file of this path. The kernel's own format letters for addresses (lib/vsprintf.c) as
 * functions: %pM, %pI4 and %pI6.
 */

/**
 * Text of a MAC address: six bytes in hexadecimal between colons.
 * @param off of its first byte
 * @kernel PORT: lib/vsprintf.c mac_address_string, %pM
 */
export function mac_address_string(buf: Uint8Array, off: number): string {
	let s = '';
	for (let i = 0; i < 6; i++)
		s += `${i === 0 ? '' : ':'}${buf[off + i].toString(16).padStart(2, '0')}`;
	return s;
}

/**
 * Text of an IPv4 address.
 * @param addr network order
 * @kernel PORT: lib/vsprintf.c ip4_string, %pI4
 */
export function ip4_string(addr: number): string {
	return `${addr >>> 24}.${(addr >>> 16) & 0xff}.${(addr >>> 8) & 0xff}.${addr & 0xff}`;
}

/**
 * Text of an IPv6 address, in full.
 * @param off of its first byte
 * @kernel PORT: lib/vsprintf.c ip6_string, %pI6
 */
export function ip6_string(buf: Uint8Array, off: number): string {
	let s = '';
	for (let i = 0; i < 16; i += 2) {
		const group = (buf[off + i] << 8) | buf[off + i + 1];
		s += `${i === 0 ? '' : ':'}${group.toString(16).padStart(4, '0')}`;
	}
	return s;
}
