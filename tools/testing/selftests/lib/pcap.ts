// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classic capture files: writing with microseconds or nanoseconds, reading both byte orders.
 */
export const LINKTYPE_NULL = 0;
export const LINKTYPE_EN10MB = 1;
export const LINKTYPE_RAW = 101;
export const LINKTYPE_LINUX_SLL = 113;

const MAGIC_US = 0xa1b2c3d4;
const MAGIC_NS = 0xa1b23c4d;

/** One captured frame. */
export interface frame {
	/** Wall-clock ns since 1970. */
	time_ns: number;
	/** Captured bytes from the link header on. */
	data: Uint8Array;
	/** Bytes the frame had. */
	len: number;
}

/** What a capture file holds. */
export interface capture {
	linktype: number;
	snaplen: number;
	frames: frame[];
}

/**
 * Bytes of the header of a capture file.
 * @param ns true for nanosecond time stamps
 */
export function pcap_header(linktype = LINKTYPE_EN10MB, snaplen = 262144, ns = false): Uint8Array {
	const b = new Uint8Array(24);
	const v = new DataView(b.buffer);
	v.setUint32(0, ns ? MAGIC_NS : MAGIC_US, true);
	v.setUint16(4, 2, true);
	v.setUint16(6, 4, true);
	v.setUint32(16, snaplen, true);
	v.setUint32(20, linktype, true);
	return b;
}

/** Bytes of one record. */
export function pcap_record(f: frame, snaplen = 262144, ns = false): Uint8Array {
	const cap = Math.min(f.data.length, snaplen);
	const b = new Uint8Array(16 + cap);
	const v = new DataView(b.buffer);
	const seconds = Math.floor(f.time_ns / 1e9);
	const rest = f.time_ns - seconds * 1e9;
	v.setUint32(0, seconds, true);
	v.setUint32(4, ns ? rest : Math.floor(rest / 1000), true);
	v.setUint32(8, cap, true);
	v.setUint32(12, f.len, true);
	b.set(f.data.subarray(0, cap), 16);
	return b;
}

/** Bytes of a whole capture file. */
export function pcap_write(c: capture, ns = false): Uint8Array {
	const parts = [pcap_header(c.linktype, c.snaplen, ns)];
	for (const f of c.frames) parts.push(pcap_record(f, c.snaplen, ns));
	const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
	let at = 0;
	for (const p of parts) {
		all.set(p, at);
		at += p.length;
	}
	return all;
}

/**
 * Reads a capture file; a record cut off at the end is left out.
 * @returns null when it is no classic capture file
 */
export function pcap_read(bytes: Uint8Array): capture | null {
	if (bytes.length < 24) return null;
	const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const little = v.getUint32(0, true);
	const le = little === MAGIC_US || little === MAGIC_NS;
	const magic = le ? little : v.getUint32(0, false);
	if (magic !== MAGIC_US && magic !== MAGIC_NS) return null;
	const unit = magic === MAGIC_NS ? 1 : 1000;
	const c: capture = {
		linktype: v.getUint32(20, le),
		snaplen: v.getUint32(16, le),
		frames: [],
	};
	let at = 24;
	while (at + 16 <= bytes.length) {
		const cap = v.getUint32(at + 8, le);
		if (at + 16 + cap > bytes.length) break;
		c.frames.push({
			time_ns: v.getUint32(at, le) * 1e9 + v.getUint32(at + 4, le) * unit,
			data: bytes.subarray(at + 16, at + 16 + cap),
			len: v.getUint32(at + 12, le),
		});
		at += 16 + cap;
	}
	return c;
}
