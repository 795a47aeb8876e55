/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/proc_fs.h, base v5.10: files under /proc/net of a namespace.
 *
 * PORT: a file is a function that gives its text.
 */
import type { net } from '../net/net_namespace.ts';

/**
 * Makes a file under /proc/net.
 * @param name such as `nf_conntrack` or `stat/arp_cache`
 * @param show gives the whole text
 * @kernel include/linux/proc_fs.h:121 (v5.10)
 */
export function proc_create_net(net: net, name: string, show: () => string): void {
	net.proc_net.set(name, show);
}

/**
 * Removes a file under /proc/net.
 * @kernel include/linux/proc_fs.h:97 (v5.10)
 */
export function remove_proc_entry(net: net, name: string): void {
	net.proc_net.delete(name);
}
