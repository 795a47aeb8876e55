// SPDX-License-Identifier: GPL-2.0-only
/*
 * An archive in the form the kernel unpacks its first file system from ("newc").
 */
const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;

/** An archive that grows; folders above a path are made by themselves. */
export class cpio_archive {
	readonly #parts: Uint8Array[] = [];
	readonly #seen = new Set<string>();
	#ino = 1;

	#entry(path: string, mode: number, data: Uint8Array): void {
		const name = new TextEncoder().encode(`${path}\0`);
		const fields = [
			this.#ino++,
			mode,
			0,
			0,
			1,
			0,
			data.length,
			0,
			0,
			0,
			0,
			name.length,
			0,
		];
		const head = `070701${fields.map((n) => n.toString(16).padStart(8, '0')).join('')}`;
		const pad = (n: number): Uint8Array => new Uint8Array(-n & 3);
		this.#parts.push(
			new TextEncoder().encode(head),
			name,
			pad(head.length + name.length),
		);
		this.#parts.push(data, pad(data.length));
	}

	/** @returns false when the path is there already */
	#begin(path: string): string | null {
		const p = path.replace(/^\/+/, '');
		if (this.#seen.has(p)) return null;
		const slash = p.lastIndexOf('/');
		if (slash > 0) this.dir(p.slice(0, slash));
		this.#seen.add(p);
		return p;
	}

	/** Adds a folder. */
	dir(path: string): void {
		const p = this.#begin(path);
		if (p !== null) this.#entry(p, S_IFDIR | 0o755, new Uint8Array());
	}

	/** Adds a file; the first of a path counts. */
	file(path: string, data: Uint8Array | string, mode = 0o644): void {
		const p = this.#begin(path);
		if (p !== null)
			this.#entry(
				p,
				S_IFREG | mode,
				typeof data === 'string' ? new TextEncoder().encode(data) : data,
			);
	}

	/** Adds a symbolic link. */
	link(path: string, target: string): void {
		const p = this.#begin(path);
		if (p !== null) this.#entry(p, S_IFLNK | 0o777, new TextEncoder().encode(target));
	}

	/** The archive with its end. */
	bytes(): Uint8Array {
		this.#entry('TRAILER!!!', 0, new Uint8Array());
		return Buffer.concat(this.#parts);
	}
}
