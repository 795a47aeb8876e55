/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/ipv6.h, base v5.10: address helpers, header helpers, extension header numbers, what a sender
 * passes down with a packet.
 *
 * PORT: an address is 16 bytes of an array; where it can stand inside a packet the helpers take the offset as
 * a last argument, 0 by default, so that no view is made. __ipv6_addr_type() of net/ipv6/addrconf_core.c is
 * here, because its inlines need it. Options of a sender are shared by reference and need no count.
 * Inlines that need net/ live there: ip6_make_flowlabel(), ip6_sk_dst_hoplimit(), ip6_finish_skb() in
 * net/ipv6/ip6_output.ts, ip6_sock_set_*() in net/ipv6/ipv6_sockglue.ts.
 * Not ported: flow label management, router alert chains.
 */
import type { __be16, __be32, in6_addr } from '../linux/types.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import type { ipv6_pinfo } from '../linux/ipv6.ts';
import type { inet6_dev } from './if_inet6.ts';
import type { flowi6 } from './flow.ts';
import type { net } from './net_namespace.ts';
import type { inet_sock } from './inet_sock.ts';
import { HZ } from '../linux/machine.ts';
import { jhash_1word, jhash_3words } from '../linux/jhash.ts';
import { get_unaligned_be16, get_unaligned_be32 } from '../linux/byteorder/generic.ts';

export const IPV6_MAXPLEN = 65535;

export const NEXTHDR_HOP = 0;
export const NEXTHDR_TCP = 6;
export const NEXTHDR_UDP = 17;
export const NEXTHDR_IPV6 = 41;
export const NEXTHDR_ROUTING = 43;
export const NEXTHDR_FRAGMENT = 44;
export const NEXTHDR_GRE = 47;
export const NEXTHDR_ESP = 50;
export const NEXTHDR_AUTH = 51;
export const NEXTHDR_ICMP = 58;
export const NEXTHDR_NONE = 59;
export const NEXTHDR_DEST = 60;
export const NEXTHDR_SCTP = 132;
export const NEXTHDR_MOBILITY = 135;
export const NEXTHDR_MAX = 255;

export const IPV6_DEFAULT_HOPLIMIT = 64;
export const IPV6_DEFAULT_MCASTHOPS = 1;

export const IP6_DEFAULT_MAX_DST_OPTS_CNT = 8;
export const IP6_DEFAULT_MAX_HBH_OPTS_CNT = 8;
export const IP6_DEFAULT_MAX_DST_OPTS_LEN = 0x7fffffff;
export const IP6_DEFAULT_MAX_HBH_OPTS_LEN = 0x7fffffff;

export const IPV6_ADDR_ANY = 0x0000;
export const IPV6_ADDR_UNICAST = 0x0001;
export const IPV6_ADDR_MULTICAST = 0x0002;
export const IPV6_ADDR_LOOPBACK = 0x0010;
export const IPV6_ADDR_LINKLOCAL = 0x0020;
export const IPV6_ADDR_SITELOCAL = 0x0040;
export const IPV6_ADDR_COMPATv4 = 0x0080;
export const IPV6_ADDR_SCOPE_MASK = 0x00f0;
export const IPV6_ADDR_MAPPED = 0x1000;

export const __IPV6_ADDR_SCOPE_INVALID = -1;
export const IPV6_ADDR_SCOPE_NODELOCAL = 0x01;
export const IPV6_ADDR_SCOPE_LINKLOCAL = 0x02;
export const IPV6_ADDR_SCOPE_SITELOCAL = 0x05;
export const IPV6_ADDR_SCOPE_ORGLOCAL = 0x08;
export const IPV6_ADDR_SCOPE_GLOBAL = 0x0e;

/**
 * Scope nibble of a multicast address.
 * @kernel include/net/ipv6.h:121 (v5.10)
 */
export function IPV6_ADDR_MC_SCOPE(a: Uint8Array, off = 0): number {
	return a[off + 1] & 0x0f;
}

/* struct frag_hdr */
export const FRAG_HDR_nexthdr = 0;
export const FRAG_HDR_reserved = 1;
export const FRAG_HDR_frag_off = 2;
export const FRAG_HDR_identification = 4;
/** sizeof(struct frag_hdr) */
export const FRAG_HDR_LEN = 8;

export const IP6_MF = 0x0001;
export const IP6_OFFSET = 0xfff8;

/**
 * Mark that an answer to a packet carries.
 * @kernel include/net/ipv6.h:197 (v5.10)
 */
export function IP6_REPLY_MARK(net: net, mark: number): number {
	return net.ipv6.sysctl.fwmark_reflect !== 0 ? mark : 0;
}

/** Extension headers that a sender puts on its packets. */
export class ipv6_txoptions {
	/** Bytes of all headers. */
	tot_len = 0;
	/** Bytes behind, and before, the fragment header. */
	opt_flen = 0;
	opt_nflen = 0;
	/** Each starts with next header and length in units of 8, less 1. */
	hopopt: Uint8Array | null = null;
	dst0opt: Uint8Array | null = null;
	srcrt: Uint8Array | null = null;
	dst1opt: Uint8Array | null = null;
}

export const FLOWLABEL_REFLECT_ESTABLISHED = 1;
export const FLOWLABEL_REFLECT_TCP_RESET = 2;
export const FLOWLABEL_REFLECT_ICMPV6_ECHO_REPLIES = 4;

export const IPV6_FLOWINFO_MASK = 0x0fffffff;
export const IPV6_FLOWLABEL_MASK = 0x000fffff;
export const IPV6_FLOWLABEL_STATELESS_FLAG = 0x00080000;
export const IPV6_TCLASS_MASK = 0x0ff00000;
export const IPV6_TCLASS_SHIFT = 20;

/** What one message overrides of its socket's settings. */
export class ipcm6_cookie {
	/* struct sockcm_cookie */
	sockc_mark = 0;
	sockc_tsflags = 0;
	/** -1: the socket's */
	hlimit = -1;
	tclass = -1;
	dontfrag = -1;
	opt: ipv6_txoptions | null = null;
	gso_size = 0;
}

/**
 * Overrides nothing.
 * @kernel include/net/ipv6.h:352 (v5.10)
 */
export function ipcm6_init(ipc6: ipcm6_cookie): void {
	ipc6.sockc_mark = 0;
	ipc6.sockc_tsflags = 0;
	ipc6.hlimit = -1;
	ipc6.tclass = -1;
	ipc6.dontfrag = -1;
	ipc6.opt = null;
	ipc6.gso_size = 0;
}

/**
 * Starts from a socket's settings.
 * @kernel include/net/ipv6.h:361 (v5.10)
 */
export function ipcm6_init_sk(ipc6: ipcm6_cookie, np: ipv6_pinfo): void {
	ipcm6_init(ipc6);
	ipc6.tclass = np.tclass;
	ipc6.dontfrag = np.dontfrag;
}

/**
 * Tells whether a link believes router advertisements.
 * @kernel include/net/ipv6.h:445 (v5.10)
 */
export function ipv6_accept_ra(idev: inet6_dev): boolean {
	return idev.cnf.forwarding !== 0 ? idev.cnf.accept_ra === 2 : idev.cnf.accept_ra !== 0;
}

export const IPV6_FRAG_HIGH_THRESH = 4 * 1024 * 1024;
export const IPV6_FRAG_LOW_THRESH = 3 * 1024 * 1024;
export const IPV6_FRAG_TIMEOUT = 60 * HZ;

/**
 * Address type with the numeric scope in the upper half.
 * @param scope IPV6_ADDR_SCOPE_*
 * @kernel net/ipv6/addrconf_core.c:20 (v5.10)
 */
export function IPV6_ADDR_SCOPE_TYPE(scope: number): number {
	return scope << 16;
}

/**
 * Type bits that go with a multicast scope.
 * @param scope IPV6_ADDR_SCOPE_*
 * @kernel net/ipv6/addrconf_core.c:22 (v5.10)
 */
function ipv6_addr_scope2type(scope: number): number {
	switch (scope) {
		case IPV6_ADDR_SCOPE_NODELOCAL:
			return IPV6_ADDR_SCOPE_TYPE(IPV6_ADDR_SCOPE_NODELOCAL) | IPV6_ADDR_LOOPBACK;
		case IPV6_ADDR_SCOPE_LINKLOCAL:
			return (
				IPV6_ADDR_SCOPE_TYPE(IPV6_ADDR_SCOPE_LINKLOCAL) |
				IPV6_ADDR_LINKLOCAL
			);
		case IPV6_ADDR_SCOPE_SITELOCAL:
			return (
				IPV6_ADDR_SCOPE_TYPE(IPV6_ADDR_SCOPE_SITELOCAL) |
				IPV6_ADDR_SITELOCAL
			);
	}
	return IPV6_ADDR_SCOPE_TYPE(scope);
}

/**
 * Classifies an address: IPV6_ADDR_* in the lower half, IPV6_ADDR_SCOPE_* in the upper.
 * @kernel net/ipv6/addrconf_core.c:38 (v5.10)
 */
export function __ipv6_addr_type(addr: Uint8Array, off = 0): number {
	const st = get_unaligned_be32(addr, off) as number;

	if ((st & 0xe0000000) >>> 0 !== 0 && (st & 0xe0000000) >>> 0 !== 0xe0000000)
		return IPV6_ADDR_UNICAST | IPV6_ADDR_SCOPE_TYPE(IPV6_ADDR_SCOPE_GLOBAL);

	if ((st & 0xff000000) >>> 0 === 0xff000000)
		return IPV6_ADDR_MULTICAST | ipv6_addr_scope2type(IPV6_ADDR_MC_SCOPE(addr, off));

	if ((st & 0xffc00000) >>> 0 === 0xfe800000)
		return (
			IPV6_ADDR_LINKLOCAL |
			IPV6_ADDR_UNICAST |
			IPV6_ADDR_SCOPE_TYPE(IPV6_ADDR_SCOPE_LINKLOCAL)
		);
	if ((st & 0xffc00000) >>> 0 === 0xfec00000)
		return (
			IPV6_ADDR_SITELOCAL |
			IPV6_ADDR_UNICAST |
			IPV6_ADDR_SCOPE_TYPE(IPV6_ADDR_SCOPE_SITELOCAL)
		);
	if ((st & 0xfe000000) >>> 0 === 0xfc000000)
		return IPV6_ADDR_UNICAST | IPV6_ADDR_SCOPE_TYPE(IPV6_ADDR_SCOPE_GLOBAL);

	if (st === 0 && get_unaligned_be32(addr, off + 4) === 0) {
		const w2 = get_unaligned_be32(addr, off + 8) as number;
		if (w2 === 0) {
			const w3 = get_unaligned_be32(addr, off + 12) as number;
			if (w3 === 0) return IPV6_ADDR_ANY;

			if (w3 === 1)
				return (
					IPV6_ADDR_LOOPBACK |
					IPV6_ADDR_UNICAST |
					IPV6_ADDR_SCOPE_TYPE(IPV6_ADDR_SCOPE_LINKLOCAL)
				);

			return (
				IPV6_ADDR_COMPATv4 |
				IPV6_ADDR_UNICAST |
				IPV6_ADDR_SCOPE_TYPE(IPV6_ADDR_SCOPE_GLOBAL)
			);
		}

		if (w2 === 0x0000ffff)
			return IPV6_ADDR_MAPPED | IPV6_ADDR_SCOPE_TYPE(IPV6_ADDR_SCOPE_GLOBAL);
	}

	return IPV6_ADDR_UNICAST | IPV6_ADDR_SCOPE_TYPE(IPV6_ADDR_SCOPE_GLOBAL);
}

/**
 * Classifies an address: IPV6_ADDR_*.
 * @kernel include/net/ipv6.h:459 (v5.10)
 */
export function ipv6_addr_type(addr: Uint8Array, off = 0): number {
	return __ipv6_addr_type(addr, off) & 0xffff;
}

/**
 * Scope bits of an address's type.
 * @kernel include/net/ipv6.h:464 (v5.10)
 */
export function ipv6_addr_scope(addr: Uint8Array, off = 0): number {
	return __ipv6_addr_type(addr, off) & IPV6_ADDR_SCOPE_MASK;
}

/**
 * Numeric scope of a type.
 * @returns IPV6_ADDR_SCOPE_*, -1 for ::
 * @kernel include/net/ipv6.h:469 (v5.10)
 */
export function __ipv6_addr_src_scope(type: number): number {
	return type === IPV6_ADDR_ANY ? __IPV6_ADDR_SCOPE_INVALID : type >> 16;
}

/**
 * Numeric scope of an address.
 * @returns IPV6_ADDR_SCOPE_*, -1 for ::
 * @kernel include/net/ipv6.h:474 (v5.10)
 */
export function ipv6_addr_src_scope(addr: Uint8Array, off = 0): number {
	return __ipv6_addr_src_scope(__ipv6_addr_type(addr, off));
}

/**
 * Tells whether addresses of a type mean something on one link only.
 * @kernel include/net/ipv6.h:479 (v5.10)
 */
export function __ipv6_addr_needs_scope_id(type: number): boolean {
	return (
		(type & IPV6_ADDR_LINKLOCAL) !== 0 ||
		((type & IPV6_ADDR_MULTICAST) !== 0 &&
			(type & (IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL)) !== 0)
	);
}

/**
 * Scope id to report with an address.
 * @param iface interface index
 * @kernel include/net/ipv6.h:486 (v5.10)
 */
export function ipv6_iface_scope_id(addr: Uint8Array, iface: number, off = 0): number {
	return __ipv6_addr_needs_scope_id(__ipv6_addr_type(addr, off)) ? iface : 0;
}

/**
 * Copies an address.
 * @kernel PORT: struct assignment of struct in6_addr
 */
export function ipv6_addr_copy(to: Uint8Array, from: Uint8Array, to_off = 0, from_off = 0): void {
	for (let i = 0; i < 16; i += 4) {
		to[to_off + i] = from[from_off + i]!;
		to[to_off + i + 1] = from[from_off + i + 1]!;
		to[to_off + i + 2] = from[from_off + i + 2]!;
		to[to_off + i + 3] = from[from_off + i + 3]!;
	}
}

/**
 * Orders two addresses.
 * @returns negative, 0 or positive
 * @kernel include/net/ipv6.h:491 (v5.10)
 */
export function ipv6_addr_cmp(a1: Uint8Array, a2: Uint8Array, off1 = 0, off2 = 0): number {
	for (let i = 0; i < 16; i++) {
		const d = a1[off1 + i] - a2[off2 + i];
		if (d !== 0) return d;
	}
	return 0;
}

/**
 * Keeps the first bits of an address and zeroes the rest.
 * @param pfx takes the prefix
 * @param plen 0..128
 * @kernel include/net/ipv6.h:515 (v5.10)
 */
export function ipv6_addr_prefix(pfx: in6_addr, addr: Uint8Array, plen: number, off = 0): void {
	const o = plen >> 3;
	const b = plen & 0x7;
	let i = 0;
	for (; i < o; i++) pfx[i] = addr[off + i]!;
	for (; i < 16; i++) pfx[i] = 0;
	if (b !== 0) pfx[o] = addr[off + o] & (0xff00 >> b);
}

/**
 * Sets an address from four words.
 * @param w1 network order, as w2 to w4
 * @kernel include/net/ipv6.h:557 (v5.10)
 */
export function ipv6_addr_set(
	addr: in6_addr,
	w1: number,
	w2: number,
	w3: number,
	w4: number,
): void {
	addr[0] = w1 >>> 24;
	addr[1] = w1 >>> 16;
	addr[2] = w1 >>> 8;
	addr[3] = w1;
	addr[4] = w2 >>> 24;
	addr[5] = w2 >>> 16;
	addr[6] = w2 >>> 8;
	addr[7] = w2;
	addr[8] = w3 >>> 24;
	addr[9] = w3 >>> 16;
	addr[10] = w3 >>> 8;
	addr[11] = w3;
	addr[12] = w4 >>> 24;
	addr[13] = w4 >>> 16;
	addr[14] = w4 >>> 8;
	addr[15] = w4;
}

/**
 * Tells whether two addresses are the same.
 * @kernel include/net/ipv6.h:565 (v5.10)
 */
export function ipv6_addr_equal(a1: Uint8Array, a2: Uint8Array, off1 = 0, off2 = 0): boolean {
	/* the tail differs most often */
	for (let i = 15; i >= 0; i--) if (a1[off1 + i] !== a2[off2 + i]) return false;
	return true;
}

/**
 * Tells whether two addresses agree in their first bits.
 * @param prefixlen 0..128
 * @kernel include/net/ipv6.h:591 (v5.10)
 */
export function ipv6_prefix_equal(
	addr1: Uint8Array,
	addr2: Uint8Array,
	prefixlen: number,
	off1 = 0,
	off2 = 0,
): boolean {
	const o = prefixlen >> 3;
	const b = prefixlen & 7;
	for (let i = 0; i < o; i++) if (addr1[off1 + i] !== addr2[off2 + i]) return false;
	return b === 0 || ((addr1[off1 + o] ^ addr2[off2 + o]) & (0xff00 >> b) & 0xff) === 0;
}

/**
 * Tells whether an address is ::.
 * @kernel include/net/ipv6.h:628 (v5.10)
 */
export function ipv6_addr_any(a: Uint8Array, off = 0): boolean {
	for (let i = 0; i < 16; i++) if (a[off + i] !== 0) return false;
	return true;
}

/**
 * Mixes an address into 32 bits.
 * @kernel include/net/ipv6.h:640 (v5.10)
 */
export function ipv6_addr_hash(a: Uint8Array, off = 0): number {
	return (
		(get_unaligned_be32(a, off) ^
			get_unaligned_be32(a, off + 4) ^
			get_unaligned_be32(a, off + 8) ^
			get_unaligned_be32(a, off + 12)) >>>
		0
	);
}

/**
 * Hashes an address with a secret.
 * PORT: the words enter in network order.
 * @kernel include/net/ipv6.h:654 (v5.10)
 */
export function __ipv6_addr_jhash(a: Uint8Array, initval: number, off = 0): number {
	return jhash_3words(
		(get_unaligned_be32(a, off) ^ get_unaligned_be32(a, off + 4)) >>> 0,
		get_unaligned_be32(a, off + 8),
		get_unaligned_be32(a, off + 12),
		initval,
	);
}

/**
 * Tells whether an address is ::1.
 * @kernel include/net/ipv6.h:664 (v5.10)
 */
export function ipv6_addr_loopback(a: Uint8Array, off = 0): boolean {
	for (let i = 0; i < 15; i++) if (a[off + i] !== 0) return false;
	return a[off + 15] === 1;
}

/**
 * Tells whether an address stands for an IPv4 address (::ffff:a.b.c.d).
 * @kernel include/net/ipv6.h:680 (v5.10)
 */
export function ipv6_addr_v4mapped(a: Uint8Array, off = 0): boolean {
	for (let i = 0; i < 10; i++) if (a[off + i] !== 0) return false;
	return a[off + 10] === 0xff && a[off + 11] === 0xff;
}

/**
 * Tells whether an address stands for an IPv4 loopback address.
 * @kernel include/net/ipv6.h:692 (v5.10)
 */
export function ipv6_addr_v4mapped_loopback(a: Uint8Array, off = 0): boolean {
	return ipv6_addr_v4mapped(a, off) && a[off + 12] === 127;
}

/**
 * Hashes an address and a port for the tables of bound sockets.
 * @param mix secret of the namespace: PORT: net_hash_mix(net), given by the caller
 * @param port host order
 * @kernel include/net/ipv6.h:697 (v5.10)
 */
export function ipv6_portaddr_hash(mix: number, addr6: Uint8Array, port: number, off = 0): number {
	let hash: number;

	if (ipv6_addr_any(addr6, off)) hash = jhash_1word(0, mix);
	else if (ipv6_addr_v4mapped(addr6, off))
		hash = jhash_1word(get_unaligned_be32(addr6, off + 12), mix);
	else hash = __ipv6_addr_jhash(addr6, mix, off);

	return (hash ^ port) >>> 0;
}

/**
 * Tells whether an address is a cryptographic hash identifier (2001:10::/28).
 * @kernel include/net/ipv6.h:717 (v5.10)
 */
export function ipv6_addr_orchid(a: Uint8Array, off = 0): boolean {
	return (get_unaligned_be32(a, off) & 0xfffffff0) >>> 0 === 0x20010010;
}

/**
 * Tells whether an address is multicast.
 * @kernel include/net/ipv6.h:722 (v5.10)
 */
export function ipv6_addr_is_multicast(addr: Uint8Array, off = 0): boolean {
	return addr[off] === 0xff;
}

/**
 * Makes the address that stands for an IPv4 address.
 * @param addr network order
 * @kernel include/net/ipv6.h:727 (v5.10)
 */
export function ipv6_addr_set_v4mapped(addr: __be32, v4mapped: in6_addr): void {
	ipv6_addr_set(v4mapped, 0, 0, 0x0000ffff, addr);
}

/**
 * Number of the first bit in which two addresses differ.
 * @returns 0..127, 128 when they are the same
 * @kernel include/net/ipv6.h:799 (v5.10)
 */
export function ipv6_addr_diff(a1: Uint8Array, a2: Uint8Array, off1 = 0, off2 = 0): number {
	for (let i = 0; i < 16; i++) {
		const xb = a1[off1 + i] ^ a2[off2 + i];
		if (xb !== 0) return i * 8 + Math.clz32(xb) - 24;
	}
	return 128;
}

/**
 * Tells whether a socket may bind an address that is not its own.
 * @kernel include/net/ipv6.h:841 (v5.10)
 */
export function ipv6_can_nonlocal_bind(net: net, inet: inet_sock): boolean {
	return (
		net.ipv6.sysctl.ip_nonlocal_bind !== 0 ||
		Boolean(inet.freebind) ||
		Boolean(inet.transparent)
	);
}

export const IP6_AUTO_FLOW_LABEL_OFF = 0;
export const IP6_AUTO_FLOW_LABEL_OPTOUT = 1;
export const IP6_AUTO_FLOW_LABEL_OPTIN = 2;
export const IP6_AUTO_FLOW_LABEL_FORCED = 3;
export const IP6_AUTO_FLOW_LABEL_MAX = IP6_AUTO_FLOW_LABEL_FORCED;
export const IP6_DEFAULT_AUTO_FLOW_LABELS = IP6_AUTO_FLOW_LABEL_OPTOUT;

/**
 * Whether sockets of a namespace make flow labels unless told otherwise.
 * @returns 0 or 1
 * @kernel include/net/ipv6.h:891 (v5.10)
 */
export function ip6_default_np_autolabel(net: net): number {
	switch (net.ipv6.sysctl.auto_flowlabels) {
		case IP6_AUTO_FLOW_LABEL_OPTOUT:
		case IP6_AUTO_FLOW_LABEL_FORCED:
			return 1;
		default:
			return 0;
	}
}

/**
 * How a namespace spreads flows over next hops.
 * @kernel include/net/ipv6.h:917 (v5.10)
 */
export function ip6_multipath_hash_policy(net: net): number {
	return net.ipv6.sysctl.multipath_hash_policy;
}

/**
 * Writes the first word of an IPv6 header.
 * @param head takes it
 * @param off where the header starts
 * @param tclass traffic class, 8 bits
 * @param flowlabel 20 bits, network order
 * @kernel include/net/ipv6.h:931 (v5.10)
 */
export function ip6_flow_hdr(
	head: Uint8Array,
	off: number,
	tclass: number,
	flowlabel: number,
): void {
	head[off] = 0x60 | (tclass >> 4);
	head[off + 1] = ((tclass & 0xf) << 4) | ((flowlabel >>> 16) & 0xf);
	head[off + 2] = flowlabel >>> 8;
	head[off + 3] = flowlabel;
}

/**
 * Traffic class and flow label of a header.
 * @returns 28 bits, network order
 * @kernel include/net/ipv6.h:937 (v5.10)
 */
export function ip6_flowinfo(head: Uint8Array, off: number): __be32 {
	return (get_unaligned_be32(head, off) & IPV6_FLOWINFO_MASK) as __be32;
}

/**
 * Flow label of a header.
 * @returns 20 bits, network order
 * @kernel include/net/ipv6.h:942 (v5.10)
 */
export function ip6_flowlabel(head: Uint8Array, off: number): __be32 {
	return (get_unaligned_be32(head, off) & IPV6_FLOWLABEL_MASK) as __be32;
}

/**
 * Traffic class part of a flow info word.
 * @kernel include/net/ipv6.h:947 (v5.10)
 */
export function ip6_tclass(flowinfo: number): number {
	return (flowinfo & IPV6_TCLASS_MASK) >>> IPV6_TCLASS_SHIFT;
}

/**
 * Puts traffic class and flow label into one word.
 * @kernel include/net/ipv6.h:952 (v5.10)
 */
export function ip6_make_flowinfo(tclass: number, flowlabel: number): __be32 {
	return (((tclass << IPV6_TCLASS_SHIFT) | flowlabel) >>> 0) as __be32;
}

/**
 * Flow label of a flow.
 * @kernel include/net/ipv6.h:957 (v5.10)
 */
export function flowi6_get_flowlabel(fl6: flowi6): __be32 {
	return (fl6.flowlabel & IPV6_FLOWLABEL_MASK) as __be32;
}

/* ipv6_find_hdr() flags */
export const IP6_FH_F_FRAG = 1 << 0;
export const IP6_FH_F_AUTH = 1 << 1;
export const IP6_FH_F_SKIP_RH = 1 << 2;

/** In: header that stands at the start; out: header found, and the fragment field on the way. */
export class exthdr_pos {
	nexthdr = 0;
	/** Network order, flags included; 0 without a fragment header. */
	frag_off: __be16 = 0 as __be16;
}

/** In and out of ipv6_find_hdr(). */
export class ipv6_find_hdr_pos {
	/** In: where an inner IPv6 header starts, or 0; out: where the header found starts; from data. */
	offset = 0;
	/** Out: fragment offset in bytes. */
	fragoff = 0;
	/** IP6_FH_F_* */
	flags = 0;
}

/**
 * Traffic class of a packet's IPv6 header.
 * @kernel include/net/dsfield.h:22 (v5.10)
 */
export function ipv6_get_dsfield(skb: sk_buff): number {
	return ((get_unaligned_be16(skb.head, skb.network_header) as number) >> 4) & 0xff;
}

/**
 * Changes bits of the traffic class of a packet's IPv6 header.
 * @param mask bits to keep
 * @param value bits to set
 * @kernel include/net/dsfield.h:44 (v5.10)
 */
export function ipv6_change_dsfield(skb: sk_buff, mask: number, value: number): void {
	const p = skb.network_header;
	const w: __be16 = get_unaligned_be16(skb.head, p);
	const v = (w & ((mask << 4) | 0xf00f)) | (value << 4);
	skb.head[p] = v >>> 8;
	skb.head[p + 1] = v;
}
