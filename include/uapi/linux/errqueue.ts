/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * include/uapi/linux/errqueue.h, base v5.10: entries of a socket's error queue.
 * Not ported: timestamps, zero copy and transmit time origins.
 */
export const SO_EE_ORIGIN_NONE = 0;
export const SO_EE_ORIGIN_LOCAL = 1;
export const SO_EE_ORIGIN_ICMP = 2;
export const SO_EE_ORIGIN_ICMP6 = 3;

/** Why a packet came back. */
export class sock_extended_err {
	ee_errno = 0;
	ee_origin = SO_EE_ORIGIN_NONE;
	ee_type = 0;
	ee_code = 0;
	/** MTU of a "too big", host order. */
	ee_info = 0;
	ee_data = 0;
}
