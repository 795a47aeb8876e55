// SPDX-License-Identifier: GPL-2.0
/*
 * net/ipv6/ip6_icmp.c, base v5.10: sending ICMPv6 errors from code that does not depend on ICMPv6.
 *
 * PORT: the form that the C has when IPv6 is a module, because imports go one way (include/net/ipv6_stubs.ts).
 */
import type { ip6_icmp_send_t } from '../../include/linux/icmpv6.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import { skb_shared, type sk_buff } from '../../include/linux/skbuff.ts';
import { ipv6_addr_copy } from '../../include/net/ipv6.ts';
import { EBUSY, EINVAL } from '../../include/uapi/linux/errno.ts';
import { IPV6HDR_LEN, IPV6HDR_saddr } from '../../include/uapi/linux/ipv6.ts';
import { IPS_SRC_NAT } from '../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import { consume_skb, skb_clone, skb_ensure_writable } from '../core/skbuff.ts';

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

/**
 * Answers from a driver's transmit function: source NAT is undone for the quoted packet.
 * @param skb_in offending packet; stays the caller's
 * @param info word behind the checksum, host order
 * @kernel net/ipv6/ip6_icmp.c:51 (v5.10)
 */
export function icmpv6_ndo_send(skb_in: sk_buff, type: number, code: number, info: number): void {
	const ct = skb_in._nfct;
	let cloned_skb: sk_buff | null = null;

	if (ct === null || (ct.status & IPS_SRC_NAT) === 0) {
		icmpv6_send(skb_in, type, code, info);
		return;
	}

	if (skb_shared(skb_in)) skb_in = cloned_skb = skb_clone(skb_in);

	if (
		skb_in.network_header >= 0 &&
		skb_in.network_header + IPV6HDR_LEN <= skb_in.tail &&
		skb_ensure_writable(skb_in, skb_in.network_header - skb_in.data + IPV6HDR_LEN) === 0
	) {
		const saddr = skb_in.network_header + IPV6HDR_saddr;
		const orig_ip = skb_in.head.slice(saddr, saddr + 16);
		const was = new Uint8Array(16);
		ct.tuplehash[0].tuple.src_u3_in6(was);
		ipv6_addr_copy(skb_in.head, was, saddr);
		icmpv6_send(skb_in, type, code, info);
		ipv6_addr_copy(skb_in.head, orig_ip, saddr);
	}
	consume_skb(cloned_skb);
}
