// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses as text and back, as inet_pton(), inet_ntop() and the tools have them.
 */

/** Dotted text of an IPv4 address given as a number. */
export function ntop4(a: number): string {
	return `${a >>> 24}.${(a >>> 16) & 255}.${(a >>> 8) & 255}.${a & 255}`;
}

/** Text of four bytes at an offset as an IPv4 address. */
export function ntop4_at(b: Uint8Array, off: number): string {
	return `${b[off]}.${b[off + 1]}.${b[off + 2]}.${b[off + 3]}`;
}

/** An IPv4 address in the strict dotted form, or null. */
export function pton4(s: string): number | null {
	const m = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(s);
	if (m === null) return null;
	let v = 0;
	for (let i = 1; i <= 4; i++) {
		const part = m[i];
		const n = Number(part);
		if (n > 255 || (part.length > 1 && part.startsWith('0'))) return null;
		v = v * 256 + n;
	}
	return v;
}

/** Text of sixteen bytes at an offset as an IPv6 address, the longest run of zeros folded. */
export function ntop6(b: Uint8Array, off = 0): string {
	const w: number[] = [];
	for (let i = 0; i < 8; i++) w.push((b[off + 2 * i] << 8) | b[off + 2 * i + 1]);
	let best = -1;
	let best_len = 1;
	for (let i = 0; i < 8; ) {
		if (w[i] !== 0) {
			i++;
			continue;
		}
		let j = i;
		while (j < 8 && w[j] === 0) j++;
		if (j - i > best_len) {
			best = i;
			best_len = j - i;
		}
		i = j;
	}
	/* ::a.b.c.d and ::ffff:a.b.c.d */
	if (best === 0 && (best_len === 6 || (best_len === 5 && w[5] === 0xffff))) {
		const tail = ntop4_at(b, off + 12);
		return best_len === 6 ? `::${tail}` : `::ffff:${tail}`;
	}
	const hex = w.map((x) => x.toString(16));
	if (best < 0) return hex.join(':');
	return `${hex.slice(0, best).join(':')}::${hex.slice(best + best_len).join(':')}`;
}

/** An IPv6 address, or null. */
export function pton6(s: string): Uint8Array | null {
	if (!/^[0-9a-fA-F:.]+$/.test(s)) return null;
	let text = s;
	const v4 = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
	if (v4 !== null) {
		const n = pton4(v4[2]);
		if (n === null) return null;
		text = `${v4[1]}${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}`;
	} else if (text.includes('.')) return null;
	const halves = text.split('::');
	if (halves.length > 2) return null;
	const words = (half: string): number[] | null => {
		if (half === '') return [];
		const out: number[] = [];
		for (const part of half.split(':')) {
			if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return null;
			out.push(parseInt(part, 16));
		}
		return out;
	};
	const head = words(halves[0]);
	const tail = halves.length === 2 ? words(halves[1]) : [];
	if (head === null || tail === null) return null;
	const zeros = 8 - head.length - tail.length;
	if (halves.length === 2 ? zeros < 1 : zeros !== 0) return null;
	const all = [...head, ...new Array<number>(zeros).fill(0), ...tail];
	const b = new Uint8Array(16);
	all.forEach((w, i) => {
		b[2 * i] = w >>> 8;
		b[2 * i + 1] = w & 255;
	});
	return b;
}

/** Text of six bytes at an offset as a MAC address. */
export function mac_text(b: Uint8Array, off = 0, len = 6): string {
	let s = '';
	for (let i = 0; i < len; i++)
		s += (i === 0 ? '' : ':') + (b[off + i] < 16 ? '0' : '') + b[off + i].toString(16);
	return s;
}

/** A MAC address of six parts, or null. */
export function parse_mac(s: string): Uint8Array | null {
	const parts = s.split(':');
	if (parts.length !== 6 || !parts.every((p) => /^[0-9a-fA-F]{1,2}$/.test(p))) return null;
	return Uint8Array.from(parts, (p) => parseInt(p, 16));
}

/** A MAC as it would be found in a packet. */
export function mac_view(mac: Uint8Array): DataView {
	return new DataView(mac.buffer, mac.byteOffset, 6);
}

/** Compares bytes. */
export function same_bytes(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}
