// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames written by hand: Ethernet with tags, IPv4 or IPv6, UDP or TCP, checksums right; and the hand that
 * puts them on a wire.
 */
import { htons, put_unaligned_be16 } from '../../../../include/linux/byteorder/generic.ts';
import {
	__vlan_hwaccel_put_tag,
	CHECKSUM_NONE,
	type sk_buff,
	skb_reserve,
} from '../../../../include/linux/skbuff.ts';
import { __dev_get_by_name } from '../../../../net/core/dev.ts';
import { alloc_skb, skb_put_data } from '../../../../net/core/skbuff.ts';
import { parse_mac, pton4, pton6 } from './address.ts';
import { fold16, sum16 } from './packet.ts';
import type { World } from './world.ts';

export const TH_FIN = 1;
export const TH_SYN = 2;
export const TH_RST = 4;
export const TH_ACK = 16;

/** What a frame is made of. */
export interface recipe {
	smac: string;
	dmac: string;
	/** Outermost first: ethertype and the 16 bits behind it. */
	tags: readonly (readonly [number, number])[];
	src: string;
	dst: string;
	proto: 6 | 17;
	sport: number;
	dport: number;
	ttl: number;
	tos: number;
	/** TCP flags as bits. */
	flags: number;
	seq: number;
	ack: number;
	/** Bytes of payload. */
	payload: number;
	/** IPv4 options, a multiple of four bytes. */
	options: readonly number[];
}

function address_bytes(address: string): Uint8Array {
	if (address.includes(':')) return pton6(address)!;
	const b = new Uint8Array(4);
	const n = pton4(address)!;
	for (let i = 0; i < 4; i++) b[i] = n >>> (24 - 8 * i);
	return b;
}

function transport(f: recipe): Uint8Array {
	const head = f.proto === 6 ? 20 : 8;
	const b = new Uint8Array(head + f.payload).fill(0x61, head);
	put_unaligned_be16(f.sport, b, 0);
	put_unaligned_be16(f.dport, b, 2);
	if (f.proto === 6) {
		put_unaligned_be16(f.seq >>> 16, b, 4);
		put_unaligned_be16(f.seq & 0xffff, b, 6);
		put_unaligned_be16(f.ack >>> 16, b, 8);
		put_unaligned_be16(f.ack & 0xffff, b, 10);
		b[12] = 0x50;
		b[13] = f.flags;
		put_unaligned_be16(0xffff, b, 14);
	} else put_unaligned_be16(b.length, b, 4);
	const src = address_bytes(f.src);
	const dst = address_bytes(f.dst);
	const pseudo = sum16(src, 0, src.length) + sum16(dst, 0, dst.length) + f.proto + b.length;
	const check = ~fold16(sum16(b, 0, b.length, pseudo)) & 0xffff;
	put_unaligned_be16(f.proto === 17 && check === 0 ? 0xffff : check, b, f.proto === 6 ? 16 : 6);
	return b;
}

/** Bytes of a frame, from the destination MAC on. */
export function craft(f: recipe): Uint8Array {
	const body = transport(f);
	const six = f.src.includes(':');
	const ip = six ? 40 : 20 + f.options.length;
	const l2 = 14 + 4 * f.tags.length;
	const b = new Uint8Array(l2 + ip + body.length);
	b.set(parse_mac(f.dmac)!, 0);
	b.set(parse_mac(f.smac)!, 6);
	let at = 12;
	for (const [proto, tci] of f.tags) {
		put_unaligned_be16(proto, b, at);
		put_unaligned_be16(tci, b, at + 2);
		at += 4;
	}
	put_unaligned_be16(six ? 0x86dd : 0x0800, b, at);
	if (six) {
		b[l2] = 0x60 | (f.tos >>> 4);
		b[l2 + 1] = (f.tos << 4) & 0xff;
		put_unaligned_be16(body.length, b, l2 + 4);
		b[l2 + 6] = f.proto;
		b[l2 + 7] = f.ttl;
		b.set(address_bytes(f.src), l2 + 8);
		b.set(address_bytes(f.dst), l2 + 24);
	} else {
		b[l2] = 0x40 | (ip / 4);
		b[l2 + 1] = f.tos;
		put_unaligned_be16(ip + body.length, b, l2 + 2);
		put_unaligned_be16(0x1234, b, l2 + 4);
		put_unaligned_be16(0x4000, b, l2 + 6);
		b[l2 + 8] = f.ttl;
		b[l2 + 9] = f.proto;
		b.set(address_bytes(f.src), l2 + 12);
		b.set(address_bytes(f.dst), l2 + 16);
		b.set(f.options, l2 + 20);
		put_unaligned_be16(~fold16(sum16(b, l2, ip)) & 0xffff, b, l2 + 10);
	}
	b.set(body, l2 + ip);
	return b;
}

/**
 * Hands a frame to a device for transmission.
 * @param data from the destination MAC on
 * @param touch changes the packet before it goes
 */
export function transmit(
	w: World,
	netns: string,
	device: string,
	data: Uint8Array,
	touch: (skb: sk_buff) => void = () => {},
): void {
	const dev = __dev_get_by_name(w.ns(netns), device);
	if (dev === null) throw new Error(`no device ${device} in ${netns}`);
	const skb = alloc_skb(w.m, data.length + 64);
	skb_reserve(skb, 34);
	const type = (data[12] << 8) | data[13];
	if (type === 0x8100 || type === 0x88a8) {
		/* the outer tag beside the packet, as a VLAN device leaves it, so that it counts for no MTU */
		__vlan_hwaccel_put_tag(skb, htons(type), (data[14] << 8) | data[15]);
		skb_put_data(skb, data.subarray(0, 12));
		skb_put_data(skb, data.subarray(16));
	} else skb_put_data(skb, data);
	skb.dev = dev;
	skb.ip_summed = CHECKSUM_NONE;
	touch(skb);
	dev.netdev_ops.ndo_start_xmit(skb, dev);
}
