// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tools of the machine: where they are, which libraries they need, which Debian package has one that is absent.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/** What keeps a run from starting: tools and what to do about them. */
export class absent_error extends Error {}

/** Packages of tools by name; a tool that is not named here is called as its package. */
const packages: Readonly<Record<string, string>> = {
	'qemu-system-x86_64': 'qemu-system-x86',
	'dpkg-deb': 'dpkg',
	arping: 'iputils-arping',
	awk: 'mawk',
	bridge: 'iproute2',
	depmod: 'kmod',
	dmesg: 'util-linux',
	find: 'findutils',
	ip: 'iproute2',
	ip6tables: 'iptables',
	iptables: 'iptables',
	ldd: 'libc-bin',
	mausezahn: 'netsniff-ng',
	modprobe: 'kmod',
	mount: 'mount',
	nc: 'netcat-openbsd',
	nft: 'nftables',
	perl: 'perl-base',
	ping: 'iputils-ping',
	ps: 'procps',
	pkill: 'procps',
	setsid: 'util-linux',
	ss: 'iproute2',
	sysctl: 'procps',
	tc: 'iproute2',
	unshare: 'util-linux',
	xargs: 'findutils',
};

function is_program(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return statSync(path).isFile();
	} catch {
		return false;
	}
}

/** Path of a tool, or null. Administrators' tools are found without being on a user's PATH. */
export function find_tool(name: string, path = process.env['PATH'] ?? ''): string | null {
	for (const dir of [...path.split(':'), '/usr/sbin', '/usr/bin', '/sbin', '/bin'])
		if (dir !== '' && is_program(join(dir, name))) return join(dir, name);
	return null;
}

/** Debian package that has a tool. */
export function package_of(tool: string): string {
	return packages[tool] ?? tool;
}

/**
 * Finds tools.
 * @returns their paths in that order; throws an absent_error that names every package to install
 */
export function need_tools(names: readonly string[], path?: string): string[] {
	const found = names.map((n) => find_tool(n, path));
	const absent = names.filter((_, i) => found[i] === null);
	if (absent.length > 0)
		throw new absent_error(
			`not here: ${absent.join(' ')}\n  apt-get install ${[...new Set(absent.map(package_of))].sort().join(' ')}`,
		);
	return found.filter((f) => f !== null);
}

/** Shared libraries and the loader that programs need, as paths. */
export function libraries_of(programs: readonly string[]): string[] {
	const r = spawnSync('ldd', programs, { encoding: 'utf8', maxBuffer: 1 << 24 });
	const out = new Set<string>();
	for (const m of (r.stdout ?? '').matchAll(/^\s+(?:\S+ => )?(\/\S+) \(0x/gm)) out.add(m[1]);
	return [...out].sort();
}
