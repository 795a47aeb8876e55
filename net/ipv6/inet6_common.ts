// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PORT: no kernel file of this path; functions of net/ipv6/af_inet6.c (base v5.10) that the transports call, while
 * af_inet6.ts itself imports the transports.
 */
import { IS_ERR } from '../../include/linux/err.ts';
import { inet6_sk, IP6SKB_HOPBYHOP, type inet6_skb_parm } from '../../include/linux/ipv6.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { flowi6 } from '../../include/net/flow.ts';
import { inet_sk } from '../../include/net/inet_sock.ts';
import { ip6_flowinfo, ipv6_addr_copy } from '../../include/net/ipv6.ts';
import { sock_net, type sock } from '../../include/net/sock.ts';
import { kfree_skb } from '../core/skbuff.ts';
import { __sk_dst_check } from '../core/sock.ts';
import { ip6_dst_lookup_flow } from './ip6_output.ts';
import { ip6_dst_store } from './route.ts';

/**
 * Lets go of what the IPv6 part of a socket holds.
 * @kernel net/ipv6/af_inet6.c:479 (v5.10)
 */
export function inet6_destroy_sock(sk: sock): void {
	const np = inet6_sk(sk)!;

	kfree_skb(np.pktoptions);
	np.pktoptions = null;

	kfree_skb(np.rxpmtu);
	np.rxpmtu = null;

	np.opt = null;
}

/**
 * Sees to it that a connected socket has a route.
 * @returns 0 or the route's errno
 * @kernel net/ipv6/af_inet6.c:800 (v5.10)
 */
export function inet6_sk_rebuild_header(sk: sock): number {
	const np = inet6_sk(sk)!;

	if (__sk_dst_check(sk, np.dst_cookie) !== null) return 0;

	const inet = inet_sk(sk);
	const fl6 = new flowi6();
	fl6.flowi6_proto = sk.sk_protocol;
	ipv6_addr_copy(fl6.daddr, sk.sk_v6_daddr);
	ipv6_addr_copy(fl6.saddr, np.saddr);
	fl6.flowlabel = np.flow_label;
	fl6.flowi6_oif = sk.sk_bound_dev_if;
	fl6.flowi6_mark = sk.sk_mark;
	fl6.fl6_dport = inet.inet_dport;
	fl6.fl6_sport = inet.inet_sport;
	fl6.flowi6_uid = sk.sk_uid;

	const dst = ip6_dst_lookup_flow(sock_net(sk), sk, fl6, null);
	if (IS_ERR(dst)) {
		sk.sk_route_caps = 0;
		sk.sk_err_soft = -dst;
		return dst;
	}

	ip6_dst_store(sk, dst, null, null);
	return 0;
}

/**
 * Tells whether a packet has something that its socket reports.
 * @param opt what parsing its extension headers found
 * @kernel net/ipv6/af_inet6.c:843 (v5.10)
 */
export function ipv6_opt_accepted(sk: sock, skb: sk_buff, opt: inet6_skb_parm): boolean {
	const { bits } = inet6_sk(sk)!.rxopt;

	return (
		((opt.flags & IP6SKB_HOPBYHOP) !== 0 && bits.hopopts !== 0) ||
		(bits.rxflow !== 0 && ip6_flowinfo(skb.head, skb.network_header) !== 0) ||
		(opt.srcrt !== 0 && bits.srcrt !== 0) ||
		((opt.dst1 !== 0 || opt.dst0 !== 0) && bits.dstopts !== 0)
	);
}
