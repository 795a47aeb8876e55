// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/core/link_watch.c, base v5.10: carrier changes become operational states and notifications.
 *
 * Events of devices whose link is another device, and of carriers that come to a queue that waits, are urgent
 * and handled at once; the others at most once a second, as in C.
 *
 * PORT: linkwatch_run_queue() is __linkwatch_run_queue(); nobody waits for the work outside of the softirq.
 */
import { HZ, machine_var, type Machine } from '../../include/linux/machine.ts';
import { delayed_work, mod_delayed_work, queue_delayed_work } from '../../include/linux/workqueue.ts';
import { qdisc_tx_changing } from '../../include/net/sch_generic.ts';
import {
	__LINK_STATE_DORMANT,
	__LINK_STATE_LINKWATCH_PENDING,
	NETDEV_REGISTER,
	NETDEV_UNREGISTER,
	type net_device,
	netif_carrier_ok,
	netif_running,
	dev_hold,
	dev_put,
} from '../../include/linux/netdevice.ts';
import {
	IF_OPER_DORMANT,
	IF_OPER_DOWN,
	IF_OPER_LOWERLAYERDOWN,
	IF_OPER_UP,
	IFF_UP,
} from '../../include/uapi/linux/if.ts';
import {
	dev_activate,
	dev_deactivate,
	dev_get_iflink,
	netdev_state_change,
	register_netdevice_notifier,
} from './dev.ts';

const IF_LINK_MODE_DORMANT = 1;

/** File-level variables of link_watch.c. */
const lweventlist = machine_var((m) => {
	const lw = {
		list: [] as net_device[],
		/** Jiffies before which only urgent events are handled. */
		nextevent: 0,
		urgent: false,
		work: new delayed_work(m, () => {
			linkwatch_event(lw);
		}),
	};
	return lw;
});

type lw_state = ReturnType<typeof lweventlist.of>;

/**
 * Operational state that follows from a device's flags.
 * @kernel net/core/link_watch.c:35 (v5.10)
 */
function default_operstate(dev: net_device): number {
	if (!netif_carrier_ok(dev))
		return dev.ifindex !== dev_get_iflink(dev) ? IF_OPER_LOWERLAYERDOWN : IF_OPER_DOWN;
	if ((dev.state & (1 << __LINK_STATE_DORMANT)) !== 0) return IF_OPER_DORMANT;
	return IF_OPER_UP;
}

/**
 * Sets a device's operational state by RFC 2863.
 * @kernel net/core/link_watch.c:51 (v5.10)
 */
function rfc2863_policy(dev: net_device): void {
	const operstate = default_operstate(dev);
	if (operstate === dev.operstate) return;
	dev.operstate =
		dev.link_mode === IF_LINK_MODE_DORMANT && operstate === IF_OPER_UP
			? IF_OPER_DORMANT
			: operstate;
}

/**
 * Sets the first operational state of a device.
 * @kernel net/core/link_watch.c:81 (v5.10)
 */
export function linkwatch_init_dev(dev: net_device): void {
	if (!netif_carrier_ok(dev)) rfc2863_policy(dev);
}

/**
 * Tells whether an event must not wait.
 * @kernel net/core/link_watch.c:90 (v5.10)
 */
function linkwatch_urgent_event(dev: net_device): boolean {
	if (!netif_running(dev)) return false;
	if (dev.ifindex !== dev_get_iflink(dev)) return true;
	return netif_carrier_ok(dev) && qdisc_tx_changing(dev);
}

/**
 * Puts a device on the list of those whose state is to be looked at.
 * @kernel net/core/link_watch.c:105 (v5.10)
 */
function linkwatch_add_event(dev: net_device, lw: lw_state): void {
	lw.list.push(dev);
	dev_hold(dev);
}

/**
 * Sets the time at which the list is looked at.
 * @kernel net/core/link_watch.c:118 (v5.10)
 */
function linkwatch_schedule_work(urgent: boolean, lw: lw_state): void {
	const now = lw.work.machine.jiffies;
	let delay = lw.nextevent - now;
	if (lw.urgent) return;
	if (urgent) {
		lw.urgent = true;
		delay = 0;
	}
	if (delay > HZ) delay = 0;
	if (delay < 0) delay = 0;
	if (lw.urgent) mod_delayed_work(lw.work, 0);
	else queue_delayed_work(lw.work, delay);
}

/**
 * Looks at one device.
 * @kernel net/core/link_watch.c:147 (v5.10)
 */
function linkwatch_do_dev(dev: net_device): void {
	dev.state &= ~(1 << __LINK_STATE_LINKWATCH_PENDING);
	rfc2863_policy(dev);
	if ((dev.flags & IFF_UP) !== 0) {
		if (netif_carrier_ok(dev)) dev_activate(dev);
		else dev_deactivate(dev);
		netdev_state_change(dev);
	}
	dev_put(dev);
}

/**
 * Looks at the devices on the list; what is not urgent waits when it must.
 * @param urgent_only a second is not over
 * @kernel net/core/link_watch.c:172 (v5.10)
 */
function __linkwatch_run_queue(lw: lw_state, urgent_only: boolean): void {
	const { jiffies } = lw.work.machine;
	if (!urgent_only) lw.nextevent = jiffies + HZ;
	else if (lw.nextevent > jiffies + HZ) lw.nextevent = jiffies;
	lw.urgent = false;

	for (const dev of lw.list.splice(0)) {
		if (urgent_only && !linkwatch_urgent_event(dev)) lw.list.push(dev);
		else linkwatch_do_dev(dev);
	}

	if (lw.list.length > 0) linkwatch_schedule_work(false, lw);
}

/**
 * Looks at a device that goes away, if it waits.
 * @kernel net/core/link_watch.c:225 (v5.10)
 */
export function linkwatch_forget_dev(dev: net_device): void {
	const lw = lweventlist.of(dev.machine);
	const i = lw.list.indexOf(dev);
	if (i < 0) return;
	lw.list.splice(i, 1);
	linkwatch_do_dev(dev);
}

/**
 * The work that looks at the devices.
 * @kernel net/core/link_watch.c:248 (v5.10)
 */
function linkwatch_event(lw: lw_state): void {
	__linkwatch_run_queue(lw, lw.nextevent > lw.work.machine.jiffies);
}

/**
 * Notes that a device's link state may have changed.
 * @kernel net/core/link_watch.c:256 (v5.10)
 */
export function linkwatch_fire_event(dev: net_device): void {
	const lw = lweventlist.of(dev.machine);
	const urgent = linkwatch_urgent_event(dev);
	if ((dev.state & (1 << __LINK_STATE_LINKWATCH_PENDING)) === 0) {
		dev.state |= 1 << __LINK_STATE_LINKWATCH_PENDING;
		linkwatch_add_event(dev, lw);
	} else if (!urgent) {
		return;
	}
	linkwatch_schedule_work(urgent, lw);
}

/**
 * Makes link watching follow devices as they come and go.
 * @returns 0
 * @kernel PORT: register_netdevice and netdev_run_todo call linkwatch in C; dev.ts cannot lean on it
 */
export function linkwatch_init(m: Machine): number {
	return register_netdevice_notifier(m, {
		notifier_call: (event, info) => {
			if (event === NETDEV_REGISTER) linkwatch_init_dev(info.dev);
			else if (event === NETDEV_UNREGISTER) linkwatch_forget_dev(info.dev);
			return 0;
		},
		priority: 0,
	});
}
