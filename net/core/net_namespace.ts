// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/core/net_namespace.c, base v5.10: network namespaces come and go.
 *
 * PORT: the list of subsystems is the machine's; a namespace that the user deletes is cleaned up at once,
 * since nothing runs beside us.
 * Not ported: user namespaces, netlink of ids but for the map from namespace to id.
 */
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import { net, type pernet_operations } from '../../include/net/net_namespace.ts';
import { default_device_exit, unregister_netdevice } from './dev.ts';

/** pernet_list */
const pernet_list = machine_var((): pernet_operations[] => []);
const last_inum = machine_var(() => ({ inum: 4026531991 }));

/**
 * Id by which one namespace knows another; given out at first use.
 * @kernel net/core/net_namespace.c:248 (v5.10)
 */
export function peernet2id_alloc(n: net, peer: net): number {
	const id = n.netns_ids.indexOf(peer);
	if (id >= 0) return id;
	return n.netns_ids.push(peer) - 1;
}

/**
 * Initialises all subsystems for a namespace, in order.
 * @returns 0 or the first errno; those that were initialised have been undone then
 * @kernel net/core/net_namespace.c:325 (v5.10)
 */
function setup_net(n: net): number {
	const list = pernet_list.of(n.machine);
	for (let i = 0; i < list.length; i++) {
		const error = list[i].init?.(n) ?? 0;
		if (error < 0) {
			while (--i >= 0) list[i].exit?.(n);
			return error;
		}
	}
	n.machine.net_namespace_list.push(n);
	return 0;
}

/**
 * Makes a namespace.
 * @returns the namespace or a negative errno
 * @kernel net/core/net_namespace.c:456 (v5.10)
 */
export function copy_net_ns(m: Machine): net | number {
	const n = new net(m, ++last_inum.of(m).inum);
	m.init_net ??= n;
	const rv = setup_net(n);
	return rv < 0 ? rv : n;
}

/**
 * Ends a namespace: its devices, then its subsystems in reverse order.
 * @kernel net/core/net_namespace.c:556 (v5.10)
 */
export function cleanup_net(n: net): void {
	const m = n.machine;
	if (n.dead) return;
	n.dead = true;
	const i = m.net_namespace_list.indexOf(n);
	if (i >= 0) m.net_namespace_list.splice(i, 1);
	const list = pernet_list.of(m);
	for (let k = list.length - 1; k >= 0; k--) list[k].pre_exit?.(n);
	m.run_pending();
	default_device_exit(n);
	m.run_pending();
	for (let k = list.length - 1; k >= 0; k--) list[k].exit?.(n);
	if (n.loopback_dev !== null) {
		unregister_netdevice(n.loopback_dev);
		n.loopback_dev = null;
	}
	m.run_pending();
}

/**
 * Makes a subsystem hear of namespaces, those there are included.
 * @returns 0 or the first errno
 * @kernel net/core/net_namespace.c:1255 (v5.10)
 */
export function register_pernet_subsys(m: Machine, ops: pernet_operations): number {
	pernet_list.of(m).push(ops);
	for (const n of m.net_namespace_list) {
		const error = ops.init?.(n) ?? 0;
		if (error < 0) return error;
	}
	return 0;
}

/**
 * Ends register_pernet_subsys().
 * @kernel net/core/net_namespace.c:1274 (v5.10)
 */
export function unregister_pernet_subsys(m: Machine, ops: pernet_operations): void {
	const list = pernet_list.of(m);
	const i = list.indexOf(ops);
	if (i < 0) return;
	list.splice(i, 1);
	for (const n of m.net_namespace_list) ops.exit?.(n);
}
