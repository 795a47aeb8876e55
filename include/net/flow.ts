/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/flow.h, base v5.10: the key of a routing or policy lookup.
 *
 * PORT: `struct flowi` is the base class of the two family keys, so flowi4_to_flowi() changes nothing;
 * the common part is held in it as flowi_*, and flowi4_* / flowi6_* are accessors over it.
 * fl4_icmp_type and the other members of the union share storage with the ports as in C.
 * Not ported: DECnet, security ids (kept 0), user ids (always 0).
 */
import { U32_ZERO } from '../linux/types.ts';
import { htonl, htons } from '../linux/byteorder/generic.ts';
import type { __be16, __be32, u32, u8 } from '../linux/types.ts';
import { LOOPBACK_IFINDEX } from './net_namespace.ts';

export const FLOWI_FLAG_ANYSRC = 0x01;
export const FLOWI_FLAG_KNOWN_NH = 0x02;
export const FLOWI_FLAG_SKIP_NH_OIF = 0x04;

/** What the keys of both families have in common. */
export class flowi {
	flowi_oif = 0;
	flowi_iif = 0;
	flowi_mark: u32 = 0;
	flowi_tos: u8 = 0;
	flowi_scope: u8 = 0;
	flowi_proto: u8 = 0;
	flowi_flags: u8 = 0;
	flowi_secid: u32 = 0;
	flowi_uid = 0;
	/** tun_id of struct flowi_tunnel. */
	flowi_tun_key = 0;
	flowi_multipath_hash: u32 = 0;
	/** union flowi_uli: destination port in the high half, source port in the low half. */
	uli: u32 = U32_ZERO;

	/** Forgets everything but the addresses, which the family's own class clears. */
	protected clear_common(): void {
		this.flowi_oif = 0;
		this.flowi_iif = 0;
		this.flowi_mark = 0;
		this.flowi_tos = 0;
		this.flowi_scope = 0;
		this.flowi_proto = 0;
		this.flowi_flags = 0;
		this.flowi_secid = 0;
		this.flowi_uid = 0;
		this.flowi_tun_key = 0;
		this.flowi_multipath_hash = 0;
		this.uli = 0;
	}

	/** Takes over the common part of another key. */
	protected copy_common(o: flowi): void {
		this.flowi_oif = o.flowi_oif;
		this.flowi_iif = o.flowi_iif;
		this.flowi_mark = o.flowi_mark;
		this.flowi_tos = o.flowi_tos;
		this.flowi_scope = o.flowi_scope;
		this.flowi_proto = o.flowi_proto;
		this.flowi_flags = o.flowi_flags;
		this.flowi_secid = o.flowi_secid;
		this.flowi_uid = o.flowi_uid;
		this.flowi_tun_key = o.flowi_tun_key;
		this.flowi_multipath_hash = o.flowi_multipath_hash;
		this.uli = o.uli;
	}

	/** Destination port, network order. */
	get uli_dport(): __be16 {
		return htons(this.uli >>> 16);
	}
	set uli_dport(v: __be16) {
		this.uli = ((v << 16) | (this.uli & 0xffff)) >>> 0;
	}
	/** Source port, network order. */
	get uli_sport(): __be16 {
		return htons(this.uli & 0xffff);
	}
	set uli_sport(v: __be16) {
		this.uli = ((this.uli & 0xffff0000) | v) >>> 0;
	}
	/** First byte of the union: ICMP or mobility header type. */
	get uli_type(): u8 {
		return this.uli >>> 24;
	}
	set uli_type(v: u8) {
		this.uli = ((v << 24) | (this.uli & 0x00ffffff)) >>> 0;
	}
	/** Second byte of the union: ICMP code. */
	get uli_code(): u8 {
		return (this.uli >>> 16) & 0xff;
	}
	set uli_code(v: u8) {
		this.uli = ((v << 16) | (this.uli & 0xff00ffff)) >>> 0;
	}
}

/** Key of an IPv4 lookup. */
export class flowi4 extends flowi {
	saddr: __be32 = U32_ZERO as __be32;
	daddr: __be32 = U32_ZERO as __be32;

	/** All fields 0, as `memset(fl4, 0, sizeof(*fl4))`. */
	clear(): void {
		this.clear_common();
		this.saddr = htonl(0);
		this.daddr = htonl(0);
	}

	/** `*fl4 = *o`. */
	copy(o: flowi4): void {
		this.copy_common(o);
		this.saddr = o.saddr;
		this.daddr = o.daddr;
	}

	get flowi4_oif(): number {
		return this.flowi_oif;
	}
	set flowi4_oif(v: number) {
		this.flowi_oif = v;
	}
	get flowi4_iif(): number {
		return this.flowi_iif;
	}
	set flowi4_iif(v: number) {
		this.flowi_iif = v;
	}
	get flowi4_mark(): u32 {
		return this.flowi_mark;
	}
	set flowi4_mark(v: u32) {
		this.flowi_mark = v;
	}
	get flowi4_tos(): u8 {
		return this.flowi_tos;
	}
	set flowi4_tos(v: u8) {
		this.flowi_tos = v;
	}
	get flowi4_scope(): u8 {
		return this.flowi_scope;
	}
	set flowi4_scope(v: u8) {
		this.flowi_scope = v;
	}
	get flowi4_proto(): u8 {
		return this.flowi_proto;
	}
	set flowi4_proto(v: u8) {
		this.flowi_proto = v;
	}
	get flowi4_flags(): u8 {
		return this.flowi_flags;
	}
	set flowi4_flags(v: u8) {
		this.flowi_flags = v;
	}
	get flowi4_secid(): u32 {
		return this.flowi_secid;
	}
	set flowi4_secid(v: u32) {
		this.flowi_secid = v;
	}
	get flowi4_uid(): number {
		return this.flowi_uid;
	}
	set flowi4_uid(v: number) {
		this.flowi_uid = v;
	}
	get flowi4_tun_key(): number {
		return this.flowi_tun_key;
	}
	set flowi4_tun_key(v: number) {
		this.flowi_tun_key = v;
	}
	get flowi4_multipath_hash(): u32 {
		return this.flowi_multipath_hash;
	}
	set flowi4_multipath_hash(v: u32) {
		this.flowi_multipath_hash = v;
	}
	get fl4_sport(): __be16 {
		return this.uli_sport;
	}
	set fl4_sport(v: __be16) {
		this.uli_sport = v;
	}
	get fl4_dport(): __be16 {
		return this.uli_dport;
	}
	set fl4_dport(v: __be16) {
		this.uli_dport = v;
	}
	get fl4_icmp_type(): u8 {
		return this.uli_type;
	}
	set fl4_icmp_type(v: u8) {
		this.uli_type = v;
	}
	get fl4_icmp_code(): u8 {
		return this.uli_code;
	}
	set fl4_icmp_code(v: u8) {
		this.uli_code = v;
	}
	/** Network order. */
	get fl4_ipsec_spi(): __be32 {
		return htonl(this.uli);
	}
	set fl4_ipsec_spi(v: __be32) {
		this.uli = v;
	}
	get fl4_mh_type(): u8 {
		return this.uli_type;
	}
	set fl4_mh_type(v: u8) {
		this.uli_type = v;
	}
	/** Network order. */
	get fl4_gre_key(): __be32 {
		return htonl(this.uli);
	}
	set fl4_gre_key(v: __be32) {
		this.uli = v;
	}
}

/** Key of an IPv6 lookup. */
export class flowi6 extends flowi {
	/** 16 bytes, written in place; assigning another array shares it. */
	daddr: Uint8Array = new Uint8Array(16);
	/** 16 bytes, written in place; assigning another array shares it. */
	saddr: Uint8Array = new Uint8Array(16);
	/** Traffic class and flow label, network order. */
	flowlabel: __be32 = htonl(0);
	mp_hash: u32 = 0;

	/** All fields 0, as `memset(fl6, 0, sizeof(*fl6))`. */
	clear(): void {
		this.clear_common();
		this.daddr.fill(0);
		this.saddr.fill(0);
		this.flowlabel = htonl(0);
		this.mp_hash = 0;
	}

	/** `*fl6 = *o`. */
	copy(o: flowi6): void {
		this.copy_common(o);
		this.daddr.set(o.daddr);
		this.saddr.set(o.saddr);
		this.flowlabel = o.flowlabel;
		this.mp_hash = o.mp_hash;
	}

	get flowi6_oif(): number {
		return this.flowi_oif;
	}
	set flowi6_oif(v: number) {
		this.flowi_oif = v;
	}
	get flowi6_iif(): number {
		return this.flowi_iif;
	}
	set flowi6_iif(v: number) {
		this.flowi_iif = v;
	}
	get flowi6_mark(): u32 {
		return this.flowi_mark;
	}
	set flowi6_mark(v: u32) {
		this.flowi_mark = v;
	}
	get flowi6_scope(): u8 {
		return this.flowi_scope;
	}
	set flowi6_scope(v: u8) {
		this.flowi_scope = v;
	}
	get flowi6_proto(): u8 {
		return this.flowi_proto;
	}
	set flowi6_proto(v: u8) {
		this.flowi_proto = v;
	}
	get flowi6_flags(): u8 {
		return this.flowi_flags;
	}
	set flowi6_flags(v: u8) {
		this.flowi_flags = v;
	}
	get flowi6_secid(): u32 {
		return this.flowi_secid;
	}
	set flowi6_secid(v: u32) {
		this.flowi_secid = v;
	}
	get flowi6_uid(): number {
		return this.flowi_uid;
	}
	set flowi6_uid(v: number) {
		this.flowi_uid = v;
	}
	get flowi6_tun_key(): number {
		return this.flowi_tun_key;
	}
	set flowi6_tun_key(v: number) {
		this.flowi_tun_key = v;
	}
	get fl6_sport(): __be16 {
		return this.uli_sport;
	}
	set fl6_sport(v: __be16) {
		this.uli_sport = v;
	}
	get fl6_dport(): __be16 {
		return this.uli_dport;
	}
	set fl6_dport(v: __be16) {
		this.uli_dport = v;
	}
	get fl6_icmp_type(): u8 {
		return this.uli_type;
	}
	set fl6_icmp_type(v: u8) {
		this.uli_type = v;
	}
	get fl6_icmp_code(): u8 {
		return this.uli_code;
	}
	set fl6_icmp_code(v: u8) {
		this.uli_code = v;
	}
	/** Network order. */
	get fl6_ipsec_spi(): __be32 {
		return htonl(this.uli);
	}
	set fl6_ipsec_spi(v: __be32) {
		this.uli = v;
	}
	get fl6_mh_type(): u8 {
		return this.uli_type;
	}
	set fl6_mh_type(v: u8) {
		this.uli_type = v;
	}
	/** Network order. */
	get fl6_gre_key(): __be32 {
		return htonl(this.uli);
	}
	set fl6_gre_key(v: __be32) {
		this.uli = v;
	}
}

/**
 * Fills a key for a packet that this host sends.
 * @param oif device the sender is bound to, 0 for any
 * @param tos type of service
 * @param daddr destination, network order
 * @param saddr source, 0 when not chosen yet
 * @param dport network order
 * @param sport network order
 * @kernel include/net/flow.h:98 (v5.10)
 */
export function flowi4_init_output(
	fl4: flowi4,
	oif: number,
	mark: u32,
	tos: u8,
	scope: u8,
	proto: u8,
	flags: u8,
	daddr: __be32,
	saddr: __be32,
	dport: __be16,
	sport: __be16,
	uid: number,
): void {
	fl4.flowi_oif = oif;
	fl4.flowi_iif = LOOPBACK_IFINDEX;
	fl4.flowi_mark = mark;
	fl4.flowi_tos = tos;
	fl4.flowi_scope = scope;
	fl4.flowi_proto = proto;
	fl4.flowi_flags = flags;
	fl4.flowi_secid = 0;
	fl4.flowi_tun_key = 0;
	fl4.flowi_uid = uid;
	fl4.daddr = daddr;
	fl4.saddr = saddr;
	fl4.fl4_dport = dport;
	fl4.fl4_sport = sport;
	fl4.flowi_multipath_hash = 0;
}

/**
 * Sets again what a first lookup may have changed.
 * @param daddr network order
 * @param saddr network order
 * @kernel include/net/flow.h:123 (v5.10)
 */
export function flowi4_update_output(
	fl4: flowi4,
	oif: number,
	tos: u8,
	daddr: __be32,
	saddr: __be32,
): void {
	fl4.flowi_oif = oif;
	fl4.flowi_tos = tos;
	fl4.daddr = daddr;
	fl4.saddr = saddr;
}

/**
 * The family-independent view of an IPv4 key.
 * @kernel include/net/flow.h:193 (v5.10)
 */
export function flowi4_to_flowi(fl4: flowi4): flowi {
	return fl4;
}

/**
 * The family-independent view of an IPv6 key.
 * @kernel include/net/flow.h:198 (v5.10)
 */
export function flowi6_to_flowi(fl6: flowi6): flowi {
	return fl6;
}
