// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv6/addrconf_core.c, base v5.10: notifier chains for addresses, end of a device's IPv6 side.
 *
 * PORT: __ipv6_addr_type() is in include/net/ipv6.ts, ipv6_stub in include/net/ipv6_stubs.ts, the well-known
 * addresses in include/linux/in6.ts.
 * Not ported: the answers of a kernel without IPv6 (eafnosupport_*); snmp6_free_dev, the counters are part of
 * a device's side; in6_dev_finish_destroy_rcu, a device's side ends at once.
 */
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import { dev_put } from '../../include/linux/netdevice.ts';
import {
	notifier_call_chain,
	notifier_chain_register,
	notifier_chain_unregister,
	notifier_head,
	type notifier_block,
} from '../../include/linux/notifier.ts';
import { timer_pending } from '../../include/linux/timer.ts';
import type { in6_validator_info } from '../../include/net/addrconf.ts';
import type { inet6_dev, inet6_ifaddr } from '../../include/net/if_inet6.ts';
import { ipv6_stub } from '../../include/net/ipv6_stubs.ts';

export { __ipv6_addr_type } from '../../include/net/ipv6.ts';

const inet6addr_chain = machine_var(() => new notifier_head<inet6_ifaddr>());
const inet6addr_validator_chain = machine_var(() => new notifier_head<in6_validator_info>());

/**
 * Drops a reference on the IPv6 side of a device.
 * @kernel PORT: inline of include/net/addrconf.h:376, include/ does not import net/
 */
export function in6_dev_put(idev: inet6_dev): void {
	if (--idev.refcnt === 0) in6_dev_finish_destroy(idev);
}

/**
 * Drops a reference on an address.
 * @kernel PORT: inline of include/net/addrconf.h:412, include/ does not import net/
 */
export function in6_ifa_put(ifp: inet6_ifaddr): void {
	if (--ifp.refcnt === 0)
		ipv6_stub.of(ifp.idev.dev.machine).inet6_ifa_finish_destroy(ifp);
}

/**
 * Asks to be told when addresses come and go.
 * @kernel net/ipv6/addrconf_core.c:95 (v5.10)
 */
export function register_inet6addr_notifier(
	m: Machine,
	nb: notifier_block<inet6_ifaddr>,
): number {
	return notifier_chain_register(inet6addr_chain.of(m), nb);
}

/**
 * Asks no more.
 * @kernel net/ipv6/addrconf_core.c:101 (v5.10)
 */
export function unregister_inet6addr_notifier(
	m: Machine,
	nb: notifier_block<inet6_ifaddr>,
): number {
	return notifier_chain_unregister(inet6addr_chain.of(m), nb);
}

/**
 * Tells that an address came (NETDEV_UP) or went (NETDEV_DOWN).
 * @kernel net/ipv6/addrconf_core.c:107 (v5.10)
 */
export function inet6addr_notifier_call_chain(m: Machine, val: number, v: inet6_ifaddr): number {
	return notifier_call_chain(inet6addr_chain.of(m), val, v);
}

/**
 * Asks to be heard before an address is added.
 * @kernel net/ipv6/addrconf_core.c:113 (v5.10)
 */
export function register_inet6addr_validator_notifier(
	m: Machine,
	nb: notifier_block<in6_validator_info>,
): number {
	return notifier_chain_register(inet6addr_validator_chain.of(m), nb);
}

/**
 * Asks no more.
 * @kernel net/ipv6/addrconf_core.c:119 (v5.10)
 */
export function unregister_inet6addr_validator_notifier(
	m: Machine,
	nb: notifier_block<in6_validator_info>,
): number {
	return notifier_chain_unregister(inet6addr_validator_chain.of(m), nb);
}

/**
 * Asks whether an address may be added.
 * @kernel net/ipv6/addrconf_core.c:126 (v5.10)
 */
export function inet6addr_validator_notifier_call_chain(
	m: Machine,
	val: number,
	v: in6_validator_info,
): number {
	return notifier_call_chain(inet6addr_validator_chain.of(m), val, v);
}

/**
 * Ends the IPv6 side of a device: nothing may hang on it any more.
 * @kernel net/ipv6/addrconf_core.c:248 (v5.10)
 */
export function in6_dev_finish_destroy(idev: inet6_dev): void {
	const dev = idev.dev;
	const m = dev.machine;

	if (idev.addr_list.length !== 0)
		m.record('WARN', 'in6_dev_finish_destroy', `${dev.name}: addresses left`);
	if (idev.mc_list !== null)
		m.record('WARN', 'in6_dev_finish_destroy', `${dev.name}: groups left`);
	if (idev.rs_timer !== null && timer_pending(idev.rs_timer))
		m.record('WARN', 'in6_dev_finish_destroy', `${dev.name}: timer runs`);

	dev_put(dev);
	if (idev.dead === 0) m.printk(`Freeing alive inet6 device ${dev.name}`);
}
