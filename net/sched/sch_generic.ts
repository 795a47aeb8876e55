// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/sched/sch_generic.c, base v5.10: the carrier of a device.
 *
 * Not ported: queueing disciplines and the transmit watchdog; every device of this world is noqueue.
 */
import {
	__LINK_STATE_NOCARRIER,
	NETREG_UNINITIALIZED,
	type net_device,
} from '../../include/linux/netdevice.ts';
import { linkwatch_fire_event } from '../core/link_watch.ts';

/**
 * Tells the system that a device sees its link.
 * @kernel net/sched/sch_generic.c:488 (v5.10)
 */
export function netif_carrier_on(dev: net_device): void {
	if ((dev.state & (1 << __LINK_STATE_NOCARRIER)) === 0) return;
	dev.state &= ~(1 << __LINK_STATE_NOCARRIER);
	if (dev.reg_state === NETREG_UNINITIALIZED) return;
	dev.carrier_up_count++;
	linkwatch_fire_event(dev);
}

/**
 * Tells the system that a device lost its link.
 * @kernel net/sched/sch_generic.c:507 (v5.10)
 */
export function netif_carrier_off(dev: net_device): void {
	if ((dev.state & (1 << __LINK_STATE_NOCARRIER)) !== 0) return;
	dev.state |= 1 << __LINK_STATE_NOCARRIER;
	if (dev.reg_state === NETREG_UNINITIALIZED) return;
	dev.carrier_down_count++;
	linkwatch_fire_event(dev);
}
