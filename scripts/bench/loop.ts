// SPDX-License-Identifier: GPL-2.0-only
// The bound: what the fast path does to an IPv4 UDP packet with source NAT, written by hand in one loop over typed
// arrays. No packets, no hooks, no devices, nothing that could be different: what is left is the header work.

const SLOT_WORDS = 16;
/** Words of a slot: key, then what a hit needs. */
const W_SRC = 0;
const W_DST = 1;
const W_PORTS = 2;
const W_IIF_PROTO = 3;
const W_NEW_SRC = 4;
const W_NEW_SPORT = 5;
const W_MAC = 6;
const W_TIMEOUT = 9;
const W_USED = 10;

const FRAME = 60;
const FRAMES = 64;
const PORTS = 50000;
const SRC = 0xc0a81402 | 0;
const DST = 0x0a8d0a02;
const NEW_SRC = 0x0a8d0a01;
const IIF_PROTO = (2 << 16) | 17;

function hash(a: number, b: number, c: number, d: number): number {
	let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ b;
	h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35) ^ c;
	h = Math.imul(h ^ (h >>> 13), 0x85ebca6b) ^ d;
	h = Math.imul(h ^ (h >>> 16), 0xc2b2ae35);
	return h ^ (h >>> 15);
}

function fold(sum: number): number {
	const s = (sum & 0xffff) + (sum >>> 16);
	return (s & 0xffff) + (s >>> 16);
}

/** A table of flows and the loop over packets. */
export class Loop {
	readonly #slots: Int32Array;
	readonly #mask: number;
	readonly #frames = new Uint8Array(FRAME * FRAMES);
	readonly #template = new Uint8Array(FRAME);
	readonly #sum: number;
	#now = 0;
	/** Packets that found no flow. */
	missed = 0;

	constructor(flows: number) {
		let size = 64;
		while (size < 2 * flows) size *= 2;
		this.#mask = size - 1;
		this.#slots = new Int32Array(size * SLOT_WORDS);
		const t = this.#template;
		t.set([
			2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 46, 0x12, 0x34, 0x40,
			0, 64, 17,
		]);
		for (let i = 0; i < 4; i++) {
			t[26 + i] = SRC >>> (24 - 8 * i);
			t[30 + i] = DST >>> (24 - 8 * i);
		}
		t[39] = 26;
		let sum = 0;
		for (let i = 14; i < 34; i += 2) sum += (t[i] << 8) | t[i + 1];
		const check = ~fold(sum) & 0xffff;
		t[24] = check >>> 8;
		t[25] = check;
		sum = 17 + 26;
		for (let i = 26; i < FRAME; i += 2) sum += (t[i] << 8) | t[i + 1];
		this.#sum = fold(sum);
		for (let flow = 0; flow < flows; flow++) this.#insert(flow);
	}

	#insert(flow: number): void {
		const ports = ((1024 + (flow % PORTS)) << 16) | (2000 + Math.trunc(flow / PORTS));
		const s = this.#slots;
		let at = hash(SRC, DST, ports, IIF_PROTO) & this.#mask;
		while (s[at * SLOT_WORDS + W_USED] !== 0) at = (at + 1) & this.#mask;
		const w = at * SLOT_WORDS;
		s[w + W_SRC] = SRC;
		s[w + W_DST] = DST;
		s[w + W_PORTS] = ports;
		s[w + W_IIF_PROTO] = IIF_PROTO;
		s[w + W_NEW_SRC] = NEW_SRC;
		s[w + W_NEW_SPORT] = ports >>> 16;
		s[w + W_MAC] = 0x02000000;
		s[w + W_MAC + 1] = 0x00030200;
		s[w + W_MAC + 2] = 0x00000004;
		s[w + W_USED] = 1;
	}

	/** Forwards a packet of each of `n` flows from `order[from]` on. */
	drive(order: Int32Array, from: number, n: number): void {
		const f = this.#frames;
		const s = this.#slots;
		const mask = this.#mask;
		let at = from % order.length;
		for (let i = 0; i < n; i++) {
			const flow = order[at];
			if (++at === order.length) at = 0;
			const o = (i % FRAMES) * FRAME;
			f.set(this.#template, o);
			const sport = 1024 + (flow % PORTS);
			const dport = 2000 + Math.trunc(flow / PORTS);
			f[o + 34] = sport >>> 8;
			f[o + 35] = sport;
			f[o + 36] = dport >>> 8;
			f[o + 37] = dport;
			const check = ~fold(this.#sum + sport + dport) & 0xffff;
			f[o + 40] = check >>> 8;
			f[o + 41] = check;

			/* the header work */
			if (f[o + 12] !== 8 || f[o + 13] !== 0 || f[o + 14] !== 0x45) continue;
			if (((f[o + 20] & 0x3f) | f[o + 21]) !== 0 || f[o + 22] <= 1) continue;
			const src =
				(f[o + 26] << 24) |
				(f[o + 27] << 16) |
				(f[o + 28] << 8) |
				f[o + 29];
			const dst =
				(f[o + 30] << 24) |
				(f[o + 31] << 16) |
				(f[o + 32] << 8) |
				f[o + 33];
			const ports =
				(f[o + 34] << 24) |
				(f[o + 35] << 16) |
				(f[o + 36] << 8) |
				f[o + 37];
			const proto = (2 << 16) | f[o + 23];
			let slot = hash(src, dst, ports, proto) & mask;
			let w = slot * SLOT_WORDS;
			while (
				s[w + W_USED] !== 0 &&
				(s[w + W_PORTS] !== ports ||
					s[w + W_SRC] !== src ||
					s[w + W_DST] !== dst ||
					s[w + W_IIF_PROTO] !== proto)
			) {
				slot = (slot + 1) & mask;
				w = slot * SLOT_WORDS;
			}
			if (s[w + W_USED] === 0) {
				this.missed++;
				continue;
			}
			s[w + W_TIMEOUT] = ++this.#now;
			const to = s[w + W_NEW_SRC];
			const port = s[w + W_NEW_SPORT];
			const diff =
				(~(src >>> 16) & 0xffff) +
				(~src & 0xffff) +
				(to >>> 16) +
				(to & 0xffff);
			let sum = fold((~((f[o + 24] << 8) | f[o + 25]) & 0xffff) + diff);
			/* TTL and its checksum */
			f[o + 22]--;
			sum = ~fold(sum + 0xfeff) & 0xffff;
			f[o + 24] = sum >>> 8;
			f[o + 25] = sum;
			sum = (~((f[o + 40] << 8) | f[o + 41]) & 0xffff) + diff;
			sum = ~fold(sum + (~(ports >>> 16) & 0xffff) + port) & 0xffff;
			f[o + 40] = sum >>> 8;
			f[o + 41] = sum;
			f[o + 26] = to >>> 24;
			f[o + 27] = to >>> 16;
			f[o + 28] = to >>> 8;
			f[o + 29] = to;
			f[o + 34] = port >>> 8;
			f[o + 35] = port;
			for (let i = 0; i < 3; i++) {
				const v = s[w + W_MAC + i];
				f[o + 4 * i] = v >>> 24;
				f[o + 4 * i + 1] = v >>> 16;
				f[o + 4 * i + 2] = v >>> 8;
				f[o + 4 * i + 3] = v;
			}
		}
	}

	/** Whether the checksums of the frame that was forwarded last are right. */
	right(): boolean {
		const f = this.#frames;
		let ip = 0;
		for (let i = 14; i < 34; i += 2) ip += (f[i] << 8) | f[i + 1];
		let udp = 17 + 26;
		for (let i = 26; i < FRAME; i += 2) udp += (f[i] << 8) | f[i + 1];
		return fold(ip) === 0xffff && fold(udp) === 0xffff && f[22] === 63;
	}
}
