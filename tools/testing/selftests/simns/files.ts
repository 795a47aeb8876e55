// SPDX-License-Identifier: GPL-2.0-only
/*
 * The standard files of a client as files of the world. A regular file is read and written here, through
 * /proc/PID/fd, and the client's position is set before anything real can look at it; what is a pipe or
 * a terminal is read and written by the client.
 */
import {
	closeSync,
	constants,
	fstatSync,
	openSync,
	readFileSync,
	readSync,
	statSync,
	writeSync,
} from 'node:fs';
import { wait_queue_head, wake_up } from '../../../../include/linux/wait.ts';
import { EAGAIN, EBADF, EPIPE } from '../../../../include/uapi/linux/errno.ts';
import { type file, null_file, POLLERR, POLLHUP, POLLIN, POLLOUT } from '../lib/file.ts';
import { frame, u32 } from './frames.ts';

const READ_SIZE = 65536;
const WRITE_WINDOW = 65536;
const WRITE_BLOCK = 262144;

/** What a file needs of its client. */
export interface client_link {
	readonly pid: number;
	send(data: Buffer): void;
}

/** Errno of an exception of node:fs, negative. */
export function errno_of(e: unknown): number {
	return e instanceof Error && 'errno' in e && typeof e.errno === 'number' ? e.errno : -5;
}

/** Standard input that only the client can read. */
export class remote_input implements file {
	readonly wq = new wait_queue_head();
	readonly name = 'stdin';
	readonly #link: client_link;
	/** Asked, and not everything has come yet. */
	#asked = false;
	#held: Buffer[] = [];
	#held_size = 0;
	#ready = Buffer.alloc(0);
	#eof = false;
	#error = 0;

	constructor(link: client_link) {
		this.#link = link;
	}

	#ask(): void {
		if (this.#asked || this.#eof || this.#error !== 0) return;
		this.#asked = true;
		this.#link.send(frame('R', u32(READ_SIZE)));
	}

	/**
	 * Takes an answer of the client. What a pipe held when all slept is one answer: the client is
	 * asked again until the pipe is empty or enough is there.
	 */
	feed(flag: number, data: Buffer): void {
		if (!this.#asked) return;
		if (flag === 2) this.#error = -data.readUInt32BE(0);
		else if (data.length > 0) {
			this.#held.push(data);
			this.#held_size += data.length;
			if (flag === 0 && this.#held_size < READ_SIZE) {
				this.#link.send(frame('N', u32(READ_SIZE - this.#held_size)));
				return;
			}
		}
		this.#asked = false;
		this.#ready = Buffer.concat([this.#ready, ...this.#held]);
		this.#held = [];
		this.#held_size = 0;
		if (flag === 1) this.#eof = true;
		if (this.#ready.length === 0 && !this.#eof && this.#error === 0) this.#ask();
		else wake_up(this.wq);
	}

	read(out: Uint8Array): number {
		if (this.#ready.length > 0) {
			const n = this.#ready.copy(out);
			this.#ready = this.#ready.subarray(n);
			return n;
		}
		if (this.#error !== 0) return this.#error;
		if (this.#eof) return 0;
		this.#ask();
		return -EAGAIN;
	}

	write(): number {
		return -EBADF;
	}

	poll(): number {
		if (this.#ready.length > 0) return POLLIN;
		if (this.#eof) return POLLIN | POLLHUP;
		if (this.#error !== 0) return POLLERR;
		this.#ask();
		return 0;
	}

	close(): void {}
}

/** Standard output or error that only the client can write. */
export class remote_output implements file {
	readonly wq = new wait_queue_head();
	readonly name: string;
	readonly #link: client_link;
	readonly #fd: number;
	#inflight = 0;
	#broken = 0;

	constructor(link: client_link, fd: number) {
		this.#link = link;
		this.#fd = fd;
		this.name = fd === 1 ? 'stdout' : 'stderr';
	}

	/** Takes the client's word for what it wrote. */
	ack(bytes: number, error: number): void {
		this.#inflight -= bytes;
		if (error !== 0) this.#broken = error;
		wake_up(this.wq);
	}

	read(): number {
		return -EBADF;
	}

	write(data: Uint8Array): number {
		if (this.#broken !== 0) return -this.#broken;
		if (data.length > 0 && this.#inflight >= WRITE_WINDOW) return -EAGAIN;
		this.push(data);
		return data.length;
	}

	push(data: Uint8Array): void {
		for (let at = 0; at < data.length; at += WRITE_WINDOW) {
			const part = data.subarray(at, at + WRITE_WINDOW);
			const b = Buffer.allocUnsafe(1 + part.length);
			b[0] = this.#fd;
			b.set(part, 1);
			this.#link.send(frame('W', b));
		}
		this.#inflight += data.length;
	}

	poll(): number {
		if (this.#broken === EPIPE) return POLLOUT | POLLERR;
		return this.#inflight < WRITE_WINDOW ? POLLOUT : 0;
	}

	close(): void {}
}

/** A regular file that is a client's standard file. */
export class local_file implements file {
	readonly wq = null;
	readonly name: string;
	readonly key: string;
	readonly #fd: number;
	readonly #append: boolean;
	#pos: number;
	/** Written, and not yet in the file: the bytes before #pos, as many as #late_size. */
	#late = new Uint8Array(0);
	#late_size = 0;
	#error = 0;
	/** The client's own position is not ours. */
	dirty = false;
	#users = 1;

	constructor(name: string, key: string, fd: number, pos: number, append: boolean) {
		this.name = name;
		this.key = key;
		this.#fd = fd;
		this.#pos = pos;
		this.#append = append;
	}

	get pos(): number {
		return this.#pos;
	}

	/** Another descriptor for the same open file. */
	share(): this {
		this.#users++;
		return this;
	}

	read(out: Uint8Array): number {
		this.flush();
		try {
			const n = readSync(this.#fd, out, 0, out.length, this.#pos);
			this.#pos += n;
			if (n > 0) this.dirty = true;
			return n;
		} catch (e) {
			return errno_of(e);
		}
	}

	write(data: Uint8Array): number {
		if (this.#error !== 0) return this.#error;
		const size = this.#late_size + data.length;
		if (size > this.#late.length) {
			const old = this.#late.subarray(0, this.#late_size);
			this.#late = new Uint8Array(Math.max(size, Math.min(2 * size, WRITE_BLOCK)));
			this.#late.set(old);
		}
		this.#late.set(data, this.#late_size);
		this.#late_size = size;
		this.#pos += data.length;
		if (!this.#append) this.dirty = true;
		if (size >= WRITE_BLOCK) this.flush();
		return data.length;
	}

	/** Puts everything written so far into the file. */
	flush(): void {
		if (this.#late_size === 0) return;
		const size = this.#late_size;
		let at = this.#append ? null : this.#pos - size;
		this.#late_size = 0;
		try {
			for (let done = 0; done < size; ) {
				const n = writeSync(this.#fd, this.#late, done, size - done, at);
				done += n;
				if (at !== null) at += n;
			}
		} catch (e) {
			this.#error = errno_of(e);
		}
	}

	poll(): number {
		return POLLIN | POLLOUT;
	}

	close(): void {
		this.flush();
		if (--this.#users === 0) closeSync(this.#fd);
	}
}

/** A file on the host that a program opened by name. */
export class disk_file implements file {
	readonly wq = null;
	readonly name: string;
	readonly #fd: number;
	#open = true;

	constructor(name: string, fd: number) {
		this.name = name;
		this.#fd = fd;
	}

	read(out: Uint8Array): number {
		try {
			return readSync(this.#fd, out);
		} catch (e) {
			const n = errno_of(e);
			return n === -EAGAIN ? 0 : n;
		}
	}

	take_all(): Uint8Array {
		try {
			return readFileSync(this.#fd);
		} catch {
			return new Uint8Array(0);
		}
	}

	write(data: Uint8Array): number {
		try {
			return writeSync(this.#fd, data);
		} catch (e) {
			return errno_of(e);
		}
	}

	poll(): number {
		return POLLIN | POLLOUT;
	}

	close(): void {
		if (this.#open) closeSync(this.#fd);
		this.#open = false;
	}
}

/** A descriptor that is not open. */
class closed_file extends null_file {
	override read(): number {
		return -EBADF;
	}

	override write(): number {
		return -EBADF;
	}
}

/**
 * Finds out what a client's standard file is.
 * @param others open files of all clients, to find the one that is shared
 */
export function open_standard(
	link: client_link,
	fd: 0 | 1 | 2,
	others: Iterable<local_file>,
): file {
	const path = `/proc/${link.pid}/fd/${fd}`;
	try {
		const st = statSync(path);
		if (st.isCharacterDevice() && st.rdev === 0x103) return new null_file();
		if (st.isFile()) {
			const info = readFileSync(`/proc/${link.pid}/fdinfo/${fd}`, 'latin1');
			const pos = Number(/^pos:\s*(\d+)/m.exec(info)?.[1] ?? 0);
			const flags = parseInt(/^flags:\s*(\d+)/m.exec(info)?.[1] ?? '0', 8);
			const key = `${st.dev}:${st.ino}:${flags & ~0o2000000}`;
			const append = (flags & constants.O_APPEND) !== 0;
			const mode = flags & 3;
			/*
			 * Two that write the same file at the same place got it from their parent: they share the
			 * position. Two that read opened it each for itself.
			 */
			if (mode !== constants.O_RDONLY)
				for (const f of others)
					if (f.key === key && (f.pos === pos || f.dirty)) return f.share();
			const real = openSync(path, mode | (append ? constants.O_APPEND : 0));
			if (fstatSync(real).isFile()) return new local_file(path, key, real, pos, append);
			closeSync(real);
		}
	} catch (e) {
		if (errno_of(e) === -2) return new closed_file();
	}
	return fd === 0 ? new remote_input(link) : new remote_output(link, fd);
}
