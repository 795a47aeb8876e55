// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv6/ip6_icmp.c, base v5.10: sending ICMPv6 errors from code that does not depend on ICMPv6.
 *
 * PORT: the form that the C has when IPv6 is a module, because imports go one way (include/net/ipv6_stubs.ts).
 * Not ported: icmpv6_ndo_send() (drivers of tunnels).
 */
import type { ip6_icmp_send_t } from '../../include/linux/icmpv6.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { EBUSY, EINVAL } from '../../include/uapi/linux/errno.ts';

const ip6_icmp_send = machine_var((): { fn: ip6_icmp_send_t | null } => ({ fn: null }));

/**
 * Makes a function the sender of ICMPv6 errors.
 * @returns 0 or -EBUSY
 * @kernel net/ipv6/ip6_icmp.c:16 (v5.10)
 */
export function inet6_register_icmp_sender(m: Machine, fn: ip6_icmp_send_t): number {
	const s = ip6_icmp_send.of(m);
	if (s.fn !== null) return -EBUSY;
	s.fn = fn;
	return 0;
}

/**
 * Takes the sender away.
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/ip6_icmp.c:23 (v5.10)
 */
export function inet6_unregister_icmp_sender(m: Machine, fn: ip6_icmp_send_t): number {
	const s = ip6_icmp_send.of(m);
	if (s.fn !== fn) return -EINVAL;
	s.fn = null;
	return 0;
}

/**
 * Answers a packet with an ICMPv6 error.
 * @param skb offending packet, network header set; stays the caller's
 * @param type ICMPV6_*
 * @param info word behind the checksum, host order: MTU or pointer
 * @kernel net/ipv6/ip6_icmp.c:36 (v5.10)
 */
export function icmpv6_send(skb: sk_buff, type: number, code: number, info: number): void {
	const send = ip6_icmp_send.of(skb.machine).fn;
	if (send !== null) send(skb, type, code, info, null);
}
