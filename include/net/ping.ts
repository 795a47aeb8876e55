/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/ping.h, base v5.10: ICMP datagram sockets.
 *
 * PORT: what the IPv4 file calls of IPv6 is registered in `pingv6_ops` on the machine.
 */
import type { inet_sock } from './inet_sock.ts';
import type { net } from './net_namespace.ts';
import type { net_device } from '../linux/netdevice.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import type { msghdr } from '../linux/socket.ts';
import { hlist_nulls_head } from '../linux/list_nulls.ts';
import { machine_var } from '../linux/machine.ts';
import { ICMPHDR_LEN } from '../uapi/linux/icmp.ts';
import type { sock, sock_common } from './sock.ts';

export const PING_HTABLE_SIZE = 64;
export const PING_HTABLE_MASK = PING_HTABLE_SIZE - 1;

/** What IPv6 does for ping sockets. */
export interface pingv6_ops_t {
	ipv6_recv_error: (sk: sock, msg: msghdr, len: number) => number;
	ip6_datagram_recv_common_ctl: (sk: sock, msg: msghdr, skb: sk_buff) => void;
	ip6_datagram_recv_specific_ctl: (sk: sock, msg: msghdr, skb: sk_buff) => void;
	/** Leaves a positive errno in err.err; returns whether it is fatal. */
	icmpv6_err_convert: (type: number, code: number, err: { err: number }) => number;
	ipv6_icmp_error: (
		sk: sock,
		skb: sk_buff,
		err: number,
		port: number,
		info: number,
		payload: number,
	) => void;
	ipv6_chk_addr: (
		net: net,
		addr: Uint8Array,
		dev: net_device | null,
		strict: number,
	) => boolean;
}

/** ICMP header and message of a ping that is being sent. */
export class pingfakehdr {
	readonly icmph = new Uint8Array(ICMPHDR_LEN);
	msg: msghdr;
	family: number;
	wcheck = 0;

	/**
	 * @param msg message to send
	 * @param family AF_INET or AF_INET6
	 */
	constructor(msg: msghdr, family: number) {
		this.msg = msg;
		this.family = family;
	}
}

/** Ping sockets by identifier. */
export class ping_table_t {
	readonly hash: hlist_nulls_head<sock_common>[] = Array.from(
		{ length: PING_HTABLE_SIZE },
		() => new hlist_nulls_head<sock_common>(),
	);
	/** Last identifier given out. */
	ping_port_rover = 0;
}

export const ping_table = machine_var(() => new ping_table_t());
export const pingv6_ops = machine_var(() => ({ ops: null as pingv6_ops_t | null }));

/** A ping socket is an Internet socket without more. */
export type ping_sock = inet_sock;
