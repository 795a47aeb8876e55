// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel to boot: what is installed, a file, a folder or a Debian package that is named, or one fetched by apt.
 */
import { spawnSync } from 'node:child_process';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	readdirSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { absent_error, find_tool, need_tools } from './tools.ts';

/** A kernel and its modules. */
export interface kernel_image {
	vmlinuz: string;
	/** As `uname -r` has it. */
	release: string;
	/** Folder that has `lib/modules/RELEASE`, with a modules.dep in it. */
	root: string;
}

const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'simns', 'kernel');
const meta_package = 'linux-image-amd64';

function entries(dir: string): string[] {
	return existsSync(dir) && statSync(dir).isDirectory() ? readdirSync(dir) : [];
}

/** Numbers within a name count as numbers. */
function newest_first(a: string, b: string): number {
	return b.localeCompare(a, 'en', { numeric: true });
}

/** Kernels below a folder that has boot and lib/modules, newest first. */
function kernels_in(root: string): kernel_image[] {
	return entries(join(root, 'boot'))
		.filter((f) => f.startsWith('vmlinuz-'))
		.map((f) => f.slice('vmlinuz-'.length))
		.filter((release) => existsSync(join(root, 'lib/modules', release)))
		.sort(newest_first)
		.map((release) => ({
			vmlinuz: join(root, `boot/vmlinuz-${release}`),
			release,
			root,
		}));
}

/** Makes the list of what module needs what, where a package was unpacked without its scripts. */
function with_dependencies(k: kernel_image): kernel_image {
	if (existsSync(join(k.root, 'lib/modules', k.release, 'modules.dep'))) return k;
	const [depmod] = need_tools(['depmod']);
	const r = spawnSync(depmod, ['-b', k.root, k.release], { encoding: 'utf8' });
	if (r.status !== 0)
		throw new absent_error(`depmod does not work on ${k.root}: ${r.stderr}`);
	return k;
}

function unpack(deb: string): kernel_image {
	const dir = join(cache, basename(deb, '.deb'));
	if (kernels_in(dir).length === 0) {
		const [dpkg] = need_tools(['dpkg-deb']);
		mkdirSync(cache, { recursive: true });
		const tmp = mkdtempSync(join(cache, 'unpack.'));
		try {
			const r = spawnSync(dpkg, ['-x', deb, tmp], { encoding: 'utf8' });
			if (r.status !== 0)
				throw new absent_error(
					`${deb} cannot be unpacked: ${r.stderr.trim()}`,
				);
			rmSync(dir, { recursive: true, force: true });
			renameSync(tmp, dir);
		} finally {
			rmSync(tmp, { recursive: true, force: true });
		}
	}
	const [k] = kernels_in(dir);
	if (k === undefined) throw new absent_error(`no kernel with modules in ${deb}`);
	return with_dependencies(k);
}

/** Downloads Debian's kernel, without installing it. */
export function fetch_kernel(): kernel_image {
	const [apt, apt_cache] = need_tools(['apt-get', 'apt-cache']);
	const depends = spawnSync(apt_cache, ['depends', meta_package], {
		encoding: 'utf8',
	}).stdout;
	const name = /Depends: (linux-image-\d\S*)/.exec(depends)?.[1];
	if (name === undefined)
		throw new absent_error(`apt-cache does not know ${meta_package}: apt-get update`);
	mkdirSync(cache, { recursive: true });
	const have = entries(cache).find((f) => f.startsWith(`${name}_`) && f.endsWith('.deb'));
	if (have === undefined) {
		const r = spawnSync(apt, ['-q', 'download', name], {
			cwd: cache,
			encoding: 'utf8',
			timeout: 600_000,
		});
		if (r.status !== 0)
			throw new absent_error(`apt-get download ${name}: ${r.stderr.trim()}`);
	}
	const deb = entries(cache).find((f) => f.startsWith(`${name}_`) && f.endsWith('.deb'));
	if (deb === undefined) throw new absent_error(`apt-get download ${name} brought nothing`);
	return unpack(join(cache, deb));
}

/**
 * Finds a kernel.
 * @param wanted a vmlinuz with lib/modules beside or above it, a folder with boot and lib/modules, a package's
 * .deb; null for what is installed, else what was fetched before
 */
export function find_kernel(wanted: string | null): kernel_image {
	if (wanted === null) {
		const all = [
			...kernels_in('/'),
			...entries(cache).flatMap((d) => kernels_in(join(cache, d))),
		];
		if (all.length > 0) return with_dependencies(all[0]);
		throw new absent_error(
			`no kernel: neither in /boot nor fetched before\n  apt-get install ${meta_package}\n` +
				`or, without root, the option --fetch, which downloads it (about 70 MB)`,
		);
	}
	const path = resolve(wanted);
	if (!existsSync(path)) throw new absent_error(`no such kernel: ${wanted}`);
	if (path.endsWith('.deb')) return unpack(path);
	if (statSync(path).isDirectory()) {
		const [k] = kernels_in(path);
		if (k === undefined)
			throw new absent_error(
				`no boot/vmlinuz-* with lib/modules below ${wanted}`,
			);
		return with_dependencies(k);
	}
	const release = basename(path).replace(/^vmlinuz-/, '');
	for (const root of [dirname(dirname(path)), dirname(path), '/'])
		if (existsSync(join(root, 'lib/modules', release)))
			return with_dependencies({ vmlinuz: path, release, root });
	throw new absent_error(`no lib/modules/${release} for ${wanted}`);
}

/** How an image starts that a decompressor here can read, and what reads it. */
const packed: readonly { magic: readonly number[]; tool: string }[] = [
	{ magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], tool: 'xz' },
	{ magic: [0x28, 0xb5, 0x2f, 0xfd], tool: 'zstd' },
	{ magic: [0x1f, 0x8b, 8], tool: 'gzip' },
];

/**
 * The kernel without its wrapping, which an emulated machine takes seconds to undo: the ELF image within a bzImage, kept
 * in the cache.
 * @returns its path; the vmlinuz itself when it cannot be unwrapped here
 */
export function unwrapped(k: kernel_image): string {
	const image = readFileSync(k.vmlinuz);
	/* the boot protocol: number of set-up sectors, offset and length of what is packed */
	if (image.length < 0x250 || image.toString('latin1', 0x202, 0x206) !== 'HdrS')
		return k.vmlinuz;
	const start = ((image[0x1f1] || 4) + 1) * 512 + image.readUInt32LE(0x248);
	const data = image.subarray(start, start + image.readUInt32LE(0x24c));
	const how = packed.find((p) => p.magic.every((b, i) => data[i] === b));
	const tool = how === undefined ? null : find_tool(how.tool);
	if (tool === null) return k.vmlinuz;
	const { size, mtimeMs } = statSync(k.vmlinuz);
	const path = join(cache, `vmlinux-${k.release}-${size}-${Math.floor(mtimeMs)}`);
	if (existsSync(path)) return path;
	/* behind the packed image stand four bytes with its size, which the tools complain of */
	const r = spawnSync(tool, ['-dc'], { input: data, maxBuffer: 1 << 28 });
	if (r.stdout?.toString('latin1', 0, 4) !== '\x7fELF') return k.vmlinuz;
	mkdirSync(cache, { recursive: true });
	const tmp = `${path}.${process.pid}`;
	writeFileSync(tmp, r.stdout);
	renameSync(tmp, path);
	return path;
}
