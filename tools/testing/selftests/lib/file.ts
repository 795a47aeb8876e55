// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program reads and writes: open files of the machine room. Byte streams only; reading and
 * writing never block by themselves, they answer -EAGAIN and the program waits on `wq`
 * (lib/process.ts has generators that do so).
 */
import { wake_up, wait_queue_head } from '../../../../include/linux/wait.ts';
import { EAGAIN, EBADF, EPIPE } from '../../../../include/uapi/linux/errno.ts';

export const POLLIN = 0x001;
export const POLLOUT = 0x004;
export const POLLERR = 0x008;
export const POLLHUP = 0x010;
export const POLLRDHUP = 0x2000;

const PIPE_SIZE = 65536;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Text to bytes, UTF-8. */
export function encode(text: string): Uint8Array {
	return encoder.encode(text);
}

/** Bytes to text, UTF-8. */
export function decode(bytes: Uint8Array): string {
	return decoder.decode(bytes);
}

/** An open file description. */
export interface file {
	/**
	 * Takes bytes out.
	 * @returns how many, 0 at the end, -EAGAIN when there is nothing yet
	 */
	read(buf: Uint8Array): number;
	/**
	 * Puts bytes in.
	 * @returns how many were taken, -EAGAIN when there is no room, -EPIPE when nobody will read
	 */
	write(data: Uint8Array): number;
	/** POLLIN and the like that hold now. */
	poll(): number;
	/** Woken when poll() may have changed; null when it never changes. */
	readonly wq: wait_queue_head | null;
	close(): void;
	/** Takes all however much waits already, from a program that prints without waiting. */
	push?(data: Uint8Array): void;
	/** Takes out all that is left, of a file that has an end; not copied. */
	take_all?(): Uint8Array;
	/** Name as /proc/PID/fd would show it. */
	readonly name: string;
}

/** The contents of a file in the store. */
export class inode {
	data = new Uint8Array(0);
	size = 0;

	/** Writes at an offset, growing the file; a gap reads as zeros. */
	store(at: number, bytes: Uint8Array): void {
		const end = at + bytes.length;
		if (end > this.data.length) {
			const grown = new Uint8Array(Math.max(end, this.data.length * 2, 4096));
			grown.set(this.data.subarray(0, this.size));
			this.data = grown;
		}
		this.data.set(bytes, at);
		if (end > this.size) this.size = end;
	}

	/** The contents, not copied. */
	bytes(): Uint8Array {
		return this.data.subarray(0, this.size);
	}

	/** Empties the file. */
	truncate(): void {
		this.size = 0;
	}
}

/** A regular file that is open. */
export class regular_file implements file {
	readonly wq = null;
	readonly name: string;
	readonly inode: inode;
	readonly #append: boolean;
	#pos = 0;

	constructor(name: string, inode: inode, append = false) {
		this.name = name;
		this.inode = inode;
		this.#append = append;
	}

	read(buf: Uint8Array): number {
		const n = Math.min(buf.length, this.inode.size - this.#pos);
		if (n <= 0) return 0;
		buf.set(this.inode.data.subarray(this.#pos, this.#pos + n));
		this.#pos += n;
		return n;
	}

	take_all(): Uint8Array {
		const rest = this.inode.data.subarray(this.#pos, Math.max(this.#pos, this.inode.size));
		this.#pos += rest.length;
		return rest;
	}

	write(data: Uint8Array): number {
		if (this.#append) this.#pos = this.inode.size;
		this.inode.store(this.#pos, data);
		this.#pos += data.length;
		return data.length;
	}

	poll(): number {
		return POLLIN | POLLOUT;
	}

	close(): void {}
}

/** A file that gives fixed bytes: a here-document, a /proc file as it was when it was opened. */
export class bytes_file implements file {
	readonly wq = null;
	readonly name: string;
	readonly #bytes: Uint8Array;
	readonly #store: ((text: string) => number) | null;
	#pos = 0;

	/**
	 * @param bytes what reading gives
	 * @param store takes what is written, or null when the file cannot be written
	 */
	constructor(
		name: string,
		bytes: Uint8Array | string,
		store: ((text: string) => number) | null = null,
	) {
		this.name = name;
		this.#bytes = typeof bytes === 'string' ? encode(bytes) : bytes;
		this.#store = store;
	}

	read(buf: Uint8Array): number {
		const n = Math.min(buf.length, this.#bytes.length - this.#pos);
		buf.set(this.#bytes.subarray(this.#pos, this.#pos + n));
		this.#pos += n;
		return n;
	}

	write(data: Uint8Array): number {
		if (this.#store === null) return -EBADF;
		const err = this.#store(decode(data));
		return err < 0 ? err : data.length;
	}

	poll(): number {
		return POLLIN | POLLOUT;
	}

	close(): void {}
}

/** /dev/null, or with `name` another file without contents. */
export class null_file implements file {
	readonly wq = null;
	readonly name: string;

	constructor(name = '/dev/null') {
		this.name = name;
	}

	read(): number {
		return 0;
	}

	write(data: Uint8Array): number {
		return data.length;
	}

	poll(): number {
		return POLLIN | POLLOUT;
	}

	close(): void {}
}

/** A standard input that stays open and never says anything, as a terminal left alone. */
export class silent_file implements file {
	readonly wq = null;
	readonly name = '/dev/tty';

	read(): number {
		return -EAGAIN;
	}

	write(data: Uint8Array): number {
		return data.length;
	}

	poll(): number {
		return POLLOUT;
	}

	close(): void {}
}

/** Collects what is written. */
export class sink_file implements file {
	readonly wq = null;
	readonly name = 'sink';
	readonly inode = new inode();

	read(): number {
		return -EBADF;
	}

	write(data: Uint8Array): number {
		this.inode.store(this.inode.size, data);
		return data.length;
	}

	poll(): number {
		return POLLOUT;
	}

	close(): void {}

	/** Everything written so far. */
	text(): string {
		return decode(this.inode.bytes());
	}
}

/** A pipe: what is written at one end comes out of the other. */
export class pipe {
	readonly wq = new wait_queue_head();
	readonly #buf = new Uint8Array(PIPE_SIZE);
	#start = 0;
	#used = 0;
	readers = 1;
	writers = 1;
	readonly reader: file = new pipe_end(this, true);
	readonly writer: file = new pipe_end(this, false);

	/** See file.read. */
	take(buf: Uint8Array): number {
		if (this.#used === 0) return this.writers === 0 ? 0 : -EAGAIN;
		const n = Math.min(buf.length, this.#used);
		for (let i = 0; i < n; i++) buf[i] = this.#buf[(this.#start + i) % PIPE_SIZE]!;
		this.#start = (this.#start + n) % PIPE_SIZE;
		this.#used -= n;
		wake_up(this.wq);
		return n;
	}

	/** See file.write. */
	put(data: Uint8Array): number {
		if (this.readers === 0) return -EPIPE;
		const n = Math.min(data.length, PIPE_SIZE - this.#used);
		if (n === 0 && data.length > 0) return -EAGAIN;
		const at = this.#start + this.#used;
		for (let i = 0; i < n; i++) this.#buf[(at + i) % PIPE_SIZE] = data[i]!;
		this.#used += n;
		wake_up(this.wq);
		return n;
	}

	/** Bytes that wait to be read. */
	get used(): number {
		return this.#used;
	}
}

class pipe_end implements file {
	readonly #pipe: pipe;
	readonly #reads: boolean;
	#open = true;
	readonly name = 'pipe';

	constructor(p: pipe, reads: boolean) {
		this.#pipe = p;
		this.#reads = reads;
	}

	get wq(): wait_queue_head {
		return this.#pipe.wq;
	}

	read(buf: Uint8Array): number {
		return this.#reads ? this.#pipe.take(buf) : -EBADF;
	}

	write(data: Uint8Array): number {
		return this.#reads ? -EBADF : this.#pipe.put(data);
	}

	poll(): number {
		if (this.#reads) {
			let mask = this.#pipe.used > 0 ? POLLIN : 0;
			if (this.#pipe.writers === 0) mask |= POLLHUP;
			return mask;
		}
		if (this.#pipe.readers === 0) return POLLOUT | POLLERR;
		return this.#pipe.used < PIPE_SIZE ? POLLOUT : 0;
	}

	close(): void {
		if (!this.#open) return;
		this.#open = false;
		if (this.#reads) this.#pipe.readers--;
		else this.#pipe.writers--;
		wake_up(this.#pipe.wq);
	}
}
