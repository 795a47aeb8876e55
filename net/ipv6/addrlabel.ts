// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv6/addrlabel.c, base v5.10: labels that source address selection compares.
 *
 * Not ported: changing the table (`ip addrlabel`), which no tool of this tree does; so the default table is
 * one constant, longest prefix first, in place of a list a namespace.
 */
import type { in6_addr } from '../../include/linux/types.ts';
import {
	IPV6_ADDR_COMPATv4,
	IPV6_ADDR_LOOPBACK,
	IPV6_ADDR_MAPPED,
	ipv6_prefix_equal,
} from '../../include/net/ipv6.ts';
import type { net } from '../../include/net/net_namespace.ts';

/** A prefix and its label. */
interface ip6addrlbl_entry {
	prefix: in6_addr;
	prefixlen: number;
	/** IPV6_ADDR_* the address must be of, 0 for any. */
	addrtype: number;
	label: number;
}

const IPV6_ADDR_LABEL_DEFAULT = 0xffffffff;

const ip6addrlbl_init_table: readonly ip6addrlbl_entry[] = [
	ip6addrlbl_alloc(
		[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
		128,
		IPV6_ADDR_LOOPBACK,
		0,
	),
	ip6addrlbl_alloc([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], 96, IPV6_ADDR_MAPPED, 4),
	/* the prefix :: is of no type itself, so any address under it will do */
	ip6addrlbl_alloc([], 96, 0, 3),
	ip6addrlbl_alloc([0x20, 0x01], 32, 0, 6),
	ip6addrlbl_alloc([0x20, 0x01, 0x00, 0x10], 28, 0, 7),
	ip6addrlbl_alloc([0x20, 0x02], 16, 0, 2),
	ip6addrlbl_alloc([0x3f, 0xfe], 16, 0, 12),
	ip6addrlbl_alloc([0xfe, 0xc0], 10, 0, 11),
	ip6addrlbl_alloc([0xfc], 7, 0, 5),
	ip6addrlbl_alloc([], 0, 0, 1),
];

/**
 * Tells whether an entry is for an address.
 * @kernel net/ipv6/addrlabel.c:114 (v5.10)
 */
function __ip6addrlbl_match(p: ip6addrlbl_entry, addr: in6_addr, addrtype: number): boolean {
	if (p.addrtype !== 0 && p.addrtype !== addrtype) return false;
	return ipv6_prefix_equal(addr, p.prefix, p.prefixlen);
}

/**
 * Label of an address.
 * @param type IPV6_ADDR_*
 * @kernel net/ipv6/addrlabel.c:140 (v5.10)
 */
export function ipv6_addr_label(
	_net: net,
	addr: in6_addr,
	type: number,
	_ifindex: number,
): number {
	type &= IPV6_ADDR_MAPPED | IPV6_ADDR_COMPATv4 | IPV6_ADDR_LOOPBACK;
	for (const p of ip6addrlbl_init_table)
		if (__ip6addrlbl_match(p, addr, type)) return p.label;
	return IPV6_ADDR_LABEL_DEFAULT;
}

/**
 * Makes an entry.
 * @param bytes first bytes of the prefix
 * @kernel net/ipv6/addrlabel.c:160 (v5.10)
 */
function ip6addrlbl_alloc(
	bytes: readonly number[],
	prefixlen: number,
	addrtype: number,
	label: number,
): ip6addrlbl_entry {
	const prefix = new Uint8Array(16);
	prefix.set(bytes);
	return { prefix, prefixlen, addrtype, label };
}
