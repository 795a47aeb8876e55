/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/sysctl.h with net/sysctl_net.c and the handlers of kernel/sysctl.c, base v5.10.
 *
 * PORT: a table entry reads and writes by two functions instead of a pointer, a handler and limits;
 * the makers below build the usual kinds. Tables belong to a network namespace.
 */
import type { net } from '../net/net_namespace.ts';
import { EINVAL } from '../uapi/linux/errno.ts';

/** One sysctl: `show` gives the text without newline, `store` takes the written text. */
export interface ctl_table {
	procname: string;
	mode: number;
	show: () => string;
	/** Returns 0 or a negative errno. */
	store: (text: string) => number;
}

/** Handle of a registered table. */
export class ctl_table_header {
	readonly net: net;
	readonly path: string;
	readonly table: readonly ctl_table[];

	constructor(net: net, path: string, table: readonly ctl_table[]) {
		this.net = net;
		this.path = path;
		this.table = table;
	}
}

/**
 * Makes the entries of a table visible under a path.
 * @param path such as `net/ipv4/conf/eth0`
 * @kernel PORT: net/sysctl_net.c:134 register_net_sysctl
 */
export function register_net_sysctl(
	net: net,
	path: string,
	table: readonly ctl_table[],
): ctl_table_header {
	for (const t of table) net.sysctls.set(`${path}/${t.procname}`, t);
	return new ctl_table_header(net, path, table);
}

/**
 * Removes a table's entries.
 * @kernel PORT: net/sysctl_net.c:141 unregister_net_sysctl_table
 */
export function unregister_net_sysctl_table(header: ctl_table_header): void {
	for (const t of header.table) {
		const key = `${header.path}/${t.procname}`;
		if (header.net.sysctls.get(key) === t) header.net.sysctls.delete(key);
	}
}

/**
 * Parses the text written to an integer sysctl.
 * @returns the number, or null when it is not one
 * @kernel PORT: kernel/sysctl.c proc_get_long
 */
export function proc_get_long(text: string): number | null {
	const m = /^\s*(-?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)(?:\s|$)/.exec(text);
	if (m === null) return null;
	const digits = m[2];
	const v =
		digits.length > 1 && digits.startsWith('0') && !/^0x/i.test(digits)
			? parseInt(digits, 8)
			: Number(digits);
	return m[1] === '-' ? -v : v;
}

/**
 * An integer sysctl with limits.
 * @param get reads the value
 * @param set stores an accepted value
 * @param min smallest accepted value
 * @param max largest accepted value
 * @kernel PORT: kernel/sysctl.c proc_dointvec_minmax
 */
export function proc_dointvec(
	procname: string,
	get: () => number,
	set: (v: number) => void,
	min = -0x80000000,
	max = 0x7fffffff,
): ctl_table {
	return {
		procname,
		mode: 0o644,
		show: () => String(get()),
		store: (text) => {
			const v = proc_get_long(text);
			if (v === null || v < min || v > max) return -EINVAL;
			set(v);
			return 0;
		},
	};
}

/**
 * A sysctl in seconds over a value in jiffies.
 * @param hz ticks a second
 * @kernel PORT: kernel/sysctl.c proc_dointvec_jiffies
 */
export function proc_dointvec_jiffies(
	procname: string,
	get: () => number,
	set: (v: number) => void,
	hz: number,
): ctl_table {
	return proc_dointvec(
		procname,
		() => Math.trunc(get() / hz),
		(v) => set(v * hz),
	);
}
