// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/inet6_connection_sock.c, base v5.10: routes of connections over IPv6.
 *
 * PORT: the flow of a socket, on the stack in C, is kept in its cork, which streams do not use.
 * Not ported: routing headers, for no socket option of this world sets one.
 */
import { type dst_entry, skb_dst_set_noref } from '../../include/net/dst.ts';
import { IP6_ECN_flow_xmit } from '../../include/net/inet_ecn.ts';
import { inet_sk } from '../../include/net/inet_sock.ts';
import { inet_rsk, type request_sock } from '../../include/net/request_sock.ts';
import { flowi6 } from '../../include/net/flow.ts';
import type { sock } from '../../include/net/sock.ts';
import { htonl, htons } from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { kfree_skb } from '../core/skbuff.ts';
import { __sk_dst_check } from '../core/sock.ts';
import { inet6_sk } from '../../include/linux/ipv6.ts';
import { ip6_dst_lookup_flow, ip6_xmit } from './ip6_output.ts';
import { ip6_dst_store } from './route.ts';

/**
 * Fills the flow of a request and finds its route.
 * @param fl6 is filled
 * @returns a referenced destination, or null
 * @kernel net/ipv6/inet6_connection_sock.c:27 (v5.10)
 */
export function inet6_csk_route_req(
	sk: sock,
	fl6: flowi6,
	req: request_sock,
	proto: number,
): dst_entry | null {
	const ireq = inet_rsk(req);

	fl6.clear();
	fl6.flowi6_proto = proto;
	fl6.daddr.set(ireq.ir_v6_rmt_addr);
	fl6.saddr.set(ireq.ir_v6_loc_addr);
	fl6.flowi6_oif = ireq.ir_iif;
	fl6.flowi6_mark = ireq.ir_mark;
	fl6.fl6_dport = ireq.ir_rmt_port;
	fl6.fl6_sport = htons(ireq.ir_num);
	fl6.flowi6_uid = sk.sk_uid;

	const dst = ip6_dst_lookup_flow(sk.sk_net, sk, fl6, null);
	return IS_ERR(dst) ? null : dst;
}

/**
 * The cached destination of a socket if it is still good.
 * @kernel net/ipv6/inet6_connection_sock.c:74 (v5.10)
 */
function __inet6_csk_dst_check(sk: sock, cookie: number): dst_entry | null {
	return __sk_dst_check(sk, cookie);
}

/**
 * Fills the flow of a socket and sees to its route.
 * @returns the socket's destination, borrowed, or a negative errno
 * @kernel net/ipv6/inet6_connection_sock.c:79 (v5.10)
 */
function inet6_csk_route_socket(sk: sock, fl6: flowi6): dst_entry | number {
	const inet = inet_sk(sk);
	const np = inet6_sk(sk)!;

	fl6.clear();
	fl6.flowi6_proto = sk.sk_protocol;
	fl6.daddr.set(sk.sk_v6_daddr);
	fl6.saddr.set(np.saddr);
	fl6.flowlabel = htonl(IP6_ECN_flow_xmit(sk, np.flow_label));
	fl6.flowi6_oif = sk.sk_bound_dev_if;
	fl6.flowi6_mark = sk.sk_mark;
	fl6.fl6_sport = inet.inet_sport;
	fl6.fl6_dport = inet.inet_dport;
	fl6.flowi6_uid = sk.sk_uid;

	const cached = __inet6_csk_dst_check(sk, np.dst_cookie);
	if (cached !== null) return cached;

	const dst = ip6_dst_lookup_flow(sk.sk_net, sk, fl6, null);
	if (!IS_ERR(dst)) ip6_dst_store(sk, dst, null, null);
	return dst;
}

/**
 * Sends a segment; returns 0, NET_XMIT_* or a negative errno.
 * @kernel net/ipv6/inet6_connection_sock.c:114 (v5.10)
 */
export function inet6_csk_xmit(sk: sock, skb: sk_buff): number {
	const np = inet6_sk(sk)!;
	const { cork } = inet_sk(sk);
	const fl6 = (cork.fl6 ??= new flowi6());
	const dst = inet6_csk_route_socket(sk, fl6);

	if (IS_ERR(dst)) {
		sk.sk_err_soft = -dst;
		sk.sk_route_caps = 0;
		kfree_skb(skb);
		return dst;
	}

	skb_dst_set_noref(skb, dst);

	return ip6_xmit(sk, skb, fl6, sk.sk_mark, np.opt, np.tclass, sk.sk_priority);
}

/**
 * Tells the route of a socket its new path MTU.
 * @param mtu bytes
 * @returns the socket's destination, borrowed, or null
 * @kernel net/ipv6/inet6_connection_sock.c:142 (v5.10)
 */
export function inet6_csk_update_pmtu(sk: sock, mtu: number): dst_entry | null {
	const { cork } = inet_sk(sk);
	const fl6 = (cork.fl6 ??= new flowi6());
	let dst = inet6_csk_route_socket(sk, fl6);

	if (IS_ERR(dst)) return null;
	dst.ops.update_pmtu?.(dst, sk, null, mtu, true);

	dst = inet6_csk_route_socket(sk, fl6);
	return IS_ERR(dst) ? null : dst;
}
