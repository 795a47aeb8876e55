/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/sch_generic.h, base v5.10: whether a device's queue is in use.
 *
 * PORT: every device is noqueue and has one queue, so that two flags of the device stand for the pointers of
 * struct netdev_queue.
 * Not ported: queueing disciplines.
 */
import type { net_device } from '../linux/netdevice.ts';

/**
 * Tells whether a queue is attached that is not in use yet.
 * @kernel include/net/sch_generic.h:728 (v5.10)
 */
export function qdisc_tx_changing(dev: net_device): boolean {
	return dev.qdisc_attached !== dev.qdisc_active;
}

/**
 * Tells whether no queue is in use.
 * @kernel include/net/sch_generic.h:741 (v5.10)
 */
export function qdisc_tx_is_noop(dev: net_device): boolean {
	return !dev.qdisc_active;
}
