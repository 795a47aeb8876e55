// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decodes Ethernet frames for tests and reports: what stands in the headers, checksums verified.
 */
import { mac_text, ntop4_at, ntop6 } from './address.ts';

/** A VLAN tag, outermost first in packet.tags. */
export interface tag {
	/** 0x8100 or 0x88a8. */
	proto: number;
	vid: number;
	prio: number;
}

/** A decoded frame. Fields of a layer that is not there are null, '' or -1. */
export interface packet {
	time_ns: number;
	/** Bytes of the frame as it was, and as they were captured. */
	len: number;
	data: Uint8Array;
	src_mac: string;
	dst_mac: string;
	tags: tag[];
	/** Ethertype behind the tags. */
	ethertype: number;
	/** 4, 6, or 0 when the frame holds no IP. */
	ip: number;
	src: string;
	dst: string;
	ttl: number;
	/** Traffic class, TOS. */
	tos: number;
	/** IPv4 identification. */
	id: number;
	df: boolean;
	/** More fragments follow, and offset in bytes. */
	mf: boolean;
	frag_offset: number;
	/** Transport protocol behind extension headers. */
	proto: number;
	/** Bytes of the IP packet from its header on. */
	ip_len: number;
	/** Ports, or ICMP type and code. */
	sport: number;
	dport: number;
	seq: number;
	ack: number;
	/** Letters as tcpdump has them: `S`, `S.`, `P.`, `F.`. */
	flags: string;
	window: number;
	/** Bytes behind the transport header. */
	payload_len: number;
	/** Offset of the payload in data. */
	payload_off: number;
	/** False when a checksum that could be verified is wrong. */
	checksum_ok: boolean;
	/** What the tag list, the addresses and the transport say in one line. */
	text: string;
}

/** Ones' complement sum of bytes, not folded. */
export function sum16(b: Uint8Array, off: number, len: number, start = 0): number {
	let s = start;
	let i = off;
	const end = off + len;
	for (; i + 1 < end; i += 2) s += (b[i] << 8) | b[i + 1];
	if (i < end) s += b[i] << 8;
	return s;
}

/** Folds a sum; 0xffff for a datum whose checksum is right. */
export function fold16(s: number): number {
	let v = s;
	while (v > 0xffff) v = (v & 0xffff) + Math.floor(v / 65536);
	return v;
}

function be16(b: Uint8Array, off: number): number {
	return (b[off] << 8) | b[off + 1];
}

function be32(b: Uint8Array, off: number): number {
	return be16(b, off) * 65536 + be16(b, off + 2);
}

const TCP_FLAG_LETTERS = 'FSRP.UEW';

/** Letters of TCP flags. */
export function tcp_flags_text(flags: number): string {
	let s = '';
	for (let i = 0; i < 8; i++) if ((flags & (1 << i)) !== 0) s += TCP_FLAG_LETTERS[i];
	return s === '' ? 'none' : s;
}

/**
 * Decodes a frame.
 * @param data from the destination MAC on, possibly cut short
 * @param len bytes the frame had
 */
export function decode_frame(data: Uint8Array, len = data.length, time_ns = 0): packet {
	const p: packet = {
		time_ns,
		len,
		data,
		src_mac: '',
		dst_mac: '',
		tags: [],
		ethertype: -1,
		ip: 0,
		src: '',
		dst: '',
		ttl: -1,
		tos: 0,
		id: 0,
		df: false,
		mf: false,
		frag_offset: 0,
		proto: -1,
		ip_len: 0,
		sport: -1,
		dport: -1,
		seq: 0,
		ack: 0,
		flags: '',
		window: 0,
		payload_len: 0,
		payload_off: 0,
		checksum_ok: true,
		text: '',
	};
	if (data.length < 14) return finish(p);
	p.dst_mac = mac_text(data, 0);
	p.src_mac = mac_text(data, 6);
	let off = 12;
	let type = be16(data, off);
	while ((type === 0x8100 || type === 0x88a8) && data.length >= off + 6) {
		const tci = be16(data, off + 2);
		p.tags.push({ proto: type, vid: tci & 0xfff, prio: tci >>> 13 });
		off += 4;
		type = be16(data, off);
	}
	p.ethertype = type;
	off += 2;
	if (type === 0x0806 && data.length >= off + 28) {
		p.src = ntop4_at(data, off + 14);
		p.dst = ntop4_at(data, off + 24);
		p.sport = be16(data, off + 6);
	} else if (type === 0x0800) decode_ipv4(p, off);
	else if (type === 0x86dd) decode_ipv6(p, off);
	return finish(p);
}

function decode_ipv4(p: packet, off: number): void {
	const b = p.data;
	if (b.length < off + 20 || b[off] >>> 4 !== 4) return;
	const hlen = (b[off] & 15) * 4;
	p.ip = 4;
	p.tos = b[off + 1]!;
	p.ip_len = be16(b, off + 2);
	p.id = be16(b, off + 4);
	const frag = be16(b, off + 6);
	p.df = (frag & 0x4000) !== 0;
	p.mf = (frag & 0x2000) !== 0;
	p.frag_offset = (frag & 0x1fff) * 8;
	p.ttl = b[off + 8]!;
	p.proto = b[off + 9]!;
	p.src = ntop4_at(b, off + 12);
	p.dst = ntop4_at(b, off + 16);
	if (b.length >= off + hlen && fold16(sum16(b, off, hlen)) !== 0xffff) p.checksum_ok = false;
	const pseudo = sum16(b, off + 12, 8) + p.proto + p.ip_len - hlen;
	decode_transport(p, off + hlen, p.ip_len - hlen, pseudo);
}

function decode_ipv6(p: packet, off: number): void {
	const b = p.data;
	if (b.length < off + 40 || b[off] >>> 4 !== 6) return;
	p.ip = 6;
	p.tos = ((b[off] & 15) << 4) | (b[off + 1] >>> 4);
	p.ip_len = be16(b, off + 4) + 40;
	p.ttl = b[off + 7]!;
	p.src = ntop6(b, off + 8);
	p.dst = ntop6(b, off + 24);
	let next = b[off + 6];
	let at = off + 40;
	while ((next === 0 || next === 43 || next === 44 || next === 60) && b.length >= at + 8) {
		if (next === 44) {
			const frag = be16(b, at + 2);
			p.mf = (frag & 1) !== 0;
			p.frag_offset = frag & 0xfff8;
			p.id = be32(b, at + 4);
			next = b[at]!;
			at += 8;
		} else {
			next = b[at]!;
			at += (b[at + 1] + 1) * 8;
		}
	}
	p.proto = next;
	const rest = p.ip_len - (at - off);
	const pseudo = sum16(b, off + 8, 32) + next + rest;
	decode_transport(p, at, rest, pseudo);
}

function decode_transport(p: packet, off: number, len: number, pseudo: number): void {
	const b = p.data;
	p.payload_off = off;
	p.payload_len = len;
	if (p.frag_offset !== 0) return;
	const whole = !p.mf && b.length >= off + len;
	switch (p.proto) {
		case 6: {
			if (b.length < off + 20) return;
			const doff = (b[off + 12] >>> 4) * 4;
			p.sport = be16(b, off);
			p.dport = be16(b, off + 2);
			p.seq = be32(b, off + 4);
			p.ack = be32(b, off + 8);
			p.flags = tcp_flags_text(b[off + 13]);
			p.window = be16(b, off + 14);
			p.payload_off = off + doff;
			p.payload_len = len - doff;
			if (whole && fold16(sum16(b, off, len, pseudo)) !== 0xffff) p.checksum_ok = false;
			return;
		}
		case 17:
			if (b.length < off + 8) return;
			p.sport = be16(b, off);
			p.dport = be16(b, off + 2);
			p.payload_off = off + 8;
			p.payload_len = be16(b, off + 4) - 8;
			if (whole && be16(b, off + 6) !== 0 && fold16(sum16(b, off, len, pseudo)) !== 0xffff)
				p.checksum_ok = false;
			return;
		case 1:
		case 58:
			if (b.length < off + 8) return;
			p.sport = b[off]!;
			p.dport = b[off + 1]!;
			p.id = p.ip === 6 ? be16(b, off + 4) : p.id;
			p.seq = be16(b, off + 6);
			p.payload_off = off + 8;
			p.payload_len = len - 8;
			if (whole) {
				const s = sum16(b, off, len, p.proto === 58 ? pseudo : 0);
				if (fold16(s) !== 0xffff) p.checksum_ok = false;
			}
			return;
		case 50:
			if (b.length < off + 8) return;
			p.id = be32(b, off);
			p.seq = be32(b, off + 4);
			return;
		default:
	}
}

function finish(p: packet): packet {
	const tags = p.tags.map((t) => `${t.proto === 0x88a8 ? 's' : 'c'}${t.vid} `).join('');
	let what: string;
	if (p.ethertype === 0x0806) what = `ARP ${p.sport === 1 ? 'request' : 'reply'} ${p.src} > ${p.dst}`;
	else if (p.ip === 0) what = `type 0x${p.ethertype.toString(16)}`;
	else if (p.proto === 6)
		what = `${p.src}.${p.sport} > ${p.dst}.${p.dport} TCP ${p.flags} ${p.payload_len}`;
	else if (p.proto === 17)
		what = `${p.src}.${p.sport} > ${p.dst}.${p.dport} UDP ${p.payload_len}`;
	else if (p.proto === 1 || p.proto === 58)
		what = `${p.src} > ${p.dst} ICMP${p.proto === 58 ? '6' : ''} ${p.sport}/${p.dport}`;
	else what = `${p.src} > ${p.dst} proto ${p.proto}`;
	if (p.frag_offset > 0 || p.mf) what += ` frag ${p.frag_offset}${p.mf ? '+' : ''}`;
	p.text = `${p.src_mac} > ${p.dst_mac} ${tags}${what}${p.ip !== 0 ? ` ttl ${p.ttl}` : ''}`;
	return p;
}
