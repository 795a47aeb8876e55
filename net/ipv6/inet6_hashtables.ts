// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/inet6_hashtables.c, base v5.10: finding TCP sockets by IPv6 addresses.
 *
 * PORT: inet6_ehashfn() is in net/ipv4/inet_hashtables.ts, below its users. Addresses come with the offset at
 * which they stand, as they may be in a packet. Whether a lookup took a reference is sk_is_refcounted() of
 * its result.
 * PORT: inet6_lookup_listener() and its like take addresses as bytes and offset, and no packet.
 * Not ported: BPF socket lookup.
 */
import type { inet_connection_sock } from '../../include/net/inet_connection_sock.ts';
import type { inet_timewait_death_row } from '../../include/net/inet_timewait_sock.ts';
import { type inet_timewait_sock, inet_twsk } from '../../include/net/inet_timewait_sock.ts';
import {
	inet_ehash_bucket,
	type inet_hashinfo,
	inet_lhash2_bucket,
	type inet_listen_hashbucket,
	inet_sk_bound_dev_eq,
} from '../../include/net/inet_hashtables.ts';
import { inet_sk } from '../../include/net/inet_sock.ts';
import { twsk_unique } from '../../include/net/timewait_sock.ts';
import { l3mdev_master_ifindex_by_index } from '../../include/net/l3mdev.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { net_hash_mix } from '../../include/net/ip.ts';
import { sk_is_refcounted, type sock, type sock_common } from '../../include/net/sock.ts';
import { TCP_CLOSE, TCP_TIME_WAIT } from '../../include/net/tcp_states.ts';
import type { hlist_head } from '../../include/linux/list.ts';
import { PF_INET6 } from '../../include/linux/socket.ts';
import { EADDRNOTAVAIL } from '../../include/uapi/linux/errno.ts';
import { secure_ipv6_port_ephemeral } from '../core/secure_seq.ts';
import {
	__inet_hash,
	__inet_hash_connect,
	established_take,
	inet6_ehashfn,
	reuseport_select_sock,
	type twsk_result,
} from '../ipv4/inet_hashtables.ts';
import { INET6_MATCH } from '../../include/net/inet6_hashtables.ts';
import { ipv6_addr_equal, ipv6_portaddr_hash } from '../../include/net/ipv6.ts';
import { in6addr_any } from '../../include/linux/in6.ts';

/**
 * Finds the socket of a connection, with a reference: a full one, a request or one in TIME_WAIT.
 * @param saddr foreign address at soff; sport foreign port, network order
 * @param daddr local address at doff; hnum local port, host order
 * @kernel net/ipv6/inet6_hashtables.c:51 (v5.10)
 */
export function __inet6_lookup_established(
	net: net,
	hashinfo: inet_hashinfo,
	saddr: Uint8Array,
	soff: number,
	sport: number,
	daddr: Uint8Array,
	doff: number,
	hnum: number,
	dif: number,
	sdif: number,
): sock_common | null {
	const hash = inet6_ehashfn(net, daddr, doff, hnum, saddr, soff, sport);

	let sk = hashinfo.ehash[hash & hashinfo.ehash_mask].first;
	for (; sk !== null; sk = sk.hnnode_next) {
		if (sk.sk_hash !== hash) continue;
		if (!INET6_MATCH(sk, net, saddr, soff, daddr, doff, sport, hnum, dif, sdif))
			continue;
		if (sk.sk_refcnt === 0) return null;
		sk.sk_refcnt++;
		return sk;
	}
	return null;
}

/**
 * How well a listener fits a packet; -1 when it does not.
 * @kernel net/ipv6/inet6_hashtables.c:94 (v5.10)
 */
function compute_score(
	sk: sock,
	net: net,
	hnum: number,
	daddr: Uint8Array,
	doff: number,
	dif: number,
	sdif: number,
): number {
	if (sk.sk_net !== net || sk.sk_num !== hnum || sk.sk_family !== PF_INET6) return -1;

	if (!ipv6_addr_equal(sk.sk_v6_rcv_saddr, daddr, 0, doff)) return -1;

	if (!inet_sk_bound_dev_eq(net, sk.sk_bound_dev_if, dif, sdif)) return -1;

	return 1;
}

/**
 * Best listener of a bucket, without a reference; laddr at loff is the address it is bound to.
 * @kernel net/ipv6/inet6_hashtables.c:134 (v5.10)
 */
function inet6_lhash2_lookup(
	net: net,
	ilb2: inet_listen_hashbucket<hlist_head<inet_connection_sock>>,
	saddr: Uint8Array,
	soff: number,
	sport: number,
	laddr: Uint8Array,
	loff: number,
	hnum: number,
	dif: number,
	sdif: number,
): sock | null {
	let result: sock | null = null;
	let hiscore = 0;

	for (let n = ilb2.head.first; n !== null; n = n.next) {
		const sk = n.item;
		const score = compute_score(sk, net, hnum, laddr, loff, dif, sdif);
		if (score > hiscore) {
			if (sk.sk_reuseport) {
				const phash = inet6_ehashfn(
					net,
					laddr,
					loff,
					hnum,
					saddr,
					soff,
					sport,
				);
				result = reuseport_select_sock(sk, ilb2.head, phash);
				if (result !== null) return result;
			}

			result = sk;
			hiscore = score;
		}
	}

	return result;
}

/**
 * Finds the listener for a packet, without a reference.
 * @param hnum destination port, host order
 * @kernel net/ipv6/inet6_hashtables.c:187 (v5.10)
 */
export function inet6_lookup_listener(
	net: net,
	hashinfo: inet_hashinfo,
	saddr: Uint8Array,
	soff: number,
	sport: number,
	daddr: Uint8Array,
	doff: number,
	hnum: number,
	dif: number,
	sdif: number,
): sock | null {
	const mix = net_hash_mix(net);
	let hash2 = ipv6_portaddr_hash(mix, daddr, hnum, doff);
	let ilb2 = inet_lhash2_bucket(hashinfo, hash2);

	const result = inet6_lhash2_lookup(
		net,
		ilb2,
		saddr,
		soff,
		sport,
		daddr,
		doff,
		hnum,
		dif,
		sdif,
	);
	if (result !== null) return result;

	hash2 = ipv6_portaddr_hash(mix, in6addr_any, hnum);
	ilb2 = inet_lhash2_bucket(hashinfo, hash2);

	return inet6_lhash2_lookup(net, ilb2, saddr, soff, sport, in6addr_any, 0, hnum, dif, sdif);
}

/**
 * Finds the socket for a packet: a connection's with a reference, else a listener without.
 * @kernel PORT: inline of include/net/inet6_hashtables.h:48 __inet6_lookup, include/ does not import net/
 */
export function __inet6_lookup(
	net: net,
	hashinfo: inet_hashinfo,
	saddr: Uint8Array,
	soff: number,
	sport: number,
	daddr: Uint8Array,
	doff: number,
	hnum: number,
	dif: number,
	sdif: number,
): sock_common | null {
	return (
		__inet6_lookup_established(
			net,
			hashinfo,
			saddr,
			soff,
			sport,
			daddr,
			doff,
			hnum,
			dif,
			sdif,
		) ??
		inet6_lookup_listener(
			net,
			hashinfo,
			saddr,
			soff,
			sport,
			daddr,
			doff,
			hnum,
			dif,
			sdif,
		)
	);
}

/**
 * Finds the socket for addresses and ports, with a reference; dport in host order.
 * @kernel net/ipv6/inet6_hashtables.c:229 (v5.10)
 */
export function inet6_lookup(
	net: net,
	hashinfo: inet_hashinfo,
	saddr: Uint8Array,
	sport: number,
	daddr: Uint8Array,
	dport: number,
	dif: number,
): sock_common | null {
	const sk = __inet6_lookup(net, hashinfo, saddr, 0, sport, daddr, 0, dport, dif, 0);

	if (sk !== null && !sk_is_refcounted(sk)) sk.sk_refcnt++;
	return sk;
}

/**
 * Checks that nobody has a connection, and puts the socket into the table; 0 or -EADDRNOTAVAIL.
 * @kernel net/ipv6/inet6_hashtables.c:246 (v5.10)
 */
function __inet6_check_established(
	death_row: inet_timewait_death_row,
	sk: sock,
	lport: number,
	twp: twsk_result | null,
): number {
	const hinfo = death_row.hashinfo!;
	const inet = inet_sk(sk);
	const daddr = sk.sk_v6_rcv_saddr;
	const saddr = sk.sk_v6_daddr;
	const dif = sk.sk_bound_dev_if;
	const net = sk.sk_net;
	const sdif = l3mdev_master_ifindex_by_index(net, dif);
	const hash = inet6_ehashfn(net, daddr, 0, lport, saddr, 0, inet.inet_dport);
	const head = inet_ehash_bucket(hinfo, hash);
	let tw: inet_timewait_sock | null = null;

	for (let sk2 = head.first; sk2 !== null; sk2 = sk2.hnnode_next) {
		if (sk2.sk_hash !== hash) continue;

		if (INET6_MATCH(sk2, net, saddr, 0, daddr, 0, inet.inet_dport, lport, dif, sdif)) {
			if (sk2.sk_state === TCP_TIME_WAIT) {
				tw = inet_twsk(sk2);
				if (twsk_unique(sk, tw, twp !== null) !== 0) break;
			}
			return -EADDRNOTAVAIL;
		}
	}

	return established_take(sk, lport, hash, head, tw, twp);
}

/**
 * Where the search for a free port begins.
 * @kernel net/ipv6/inet6_hashtables.c:311 (v5.10)
 */
function inet6_sk_port_offset(sk: sock): number {
	return secure_ipv6_port_ephemeral(
		sk.machine,
		sk.sk_v6_rcv_saddr,
		sk.sk_v6_daddr,
		inet_sk(sk).inet_dport,
	);
}

/**
 * Gives a connecting IPv6 socket a port and puts it into the tables; 0 or -EADDRNOTAVAIL.
 * @kernel net/ipv6/inet6_hashtables.c:320 (v5.10)
 */
export function inet6_hash_connect(death_row: inet_timewait_death_row, sk: sock): number {
	let port_offset = 0;

	if (inet_sk(sk).inet_num === 0) port_offset = inet6_sk_port_offset(sk);
	return __inet_hash_connect(death_row, sk, port_offset, __inet6_check_established);
}

/**
 * Puts a socket that is not closed into the tables; 0.
 * @kernel net/ipv6/inet6_hashtables.c:332 (v5.10)
 */
export function inet6_hash(sk: sock): number {
	return sk.sk_state !== TCP_CLOSE ? __inet_hash(sk, null) : 0;
}
