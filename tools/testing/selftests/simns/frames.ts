// SPDX-License-Identifier: GPL-2.0-only
/*
 * What client.pl and the server say to each other. A frame is the length of its payload (4 bytes,
 * big-endian), a type (one letter) and the payload.
 *
 * To the server: H hello (strings: pid, namespace, VRF, PATH, name, arguments), r bytes of standard
 * input (flag 0 more may come, 1 the end, 2 an error number), w written (descriptor, bytes, error),
 * s a signal that is caught, t pid of the child, d its wait status.
 * To the client: R wait for input, N take what is there, W write, L set a file's position, K catch a
 * signal, X end with a code, S end by a signal, E become another program, T run a child, U read chance
 * from a file.
 */

/** A frame. */
export function frame(type: string, payload: Uint8Array | string = ''): Buffer {
	const body = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
	const b = Buffer.allocUnsafe(5 + body.length);
	b.writeUInt32BE(body.length, 0);
	b[4] = type.charCodeAt(0);
	b.set(body, 5);
	return b;
}

/** A payload of one number. */
export function u32(n: number): Uint8Array {
	const b = Buffer.alloc(4);
	b.writeUInt32BE(n);
	return b;
}

/** A payload of one byte. */
export function u8(n: number): Uint8Array {
	return Uint8Array.of(n);
}

/** A payload of strings. */
export function strings(list: readonly string[]): Uint8Array {
	const parts: Uint8Array[] = [];
	for (const s of list) {
		const b = Buffer.from(s, 'utf8');
		parts.push(u32(b.length), b);
	}
	return Buffer.concat(parts);
}

/** Strings of a payload. */
export function read_strings(b: Buffer): string[] {
	const out: string[] = [];
	for (let at = 0; at + 4 <= b.length; ) {
		const n = b.readUInt32BE(at);
		out.push(b.toString('utf8', at + 4, at + 4 + n));
		at += 4 + n;
	}
	return out;
}
