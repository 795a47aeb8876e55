// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/inet_hashtables.c, base v5.10: tables of connections, listeners and local ports.
 *
 * PORT: the functions of net/ipv4/inet_connection_sock.c and net/ipv6/inet6_hashtables.c that are called from
 * here stand in this file, and those of inet_timewait_sock.c below it, because modules do not import in
 * circles. A group of SO_REUSEPORT listeners is found by walking its chain instead of being kept
 * (net/core/sock_reuseport.c). Whether a lookup took a reference is sk_is_refcounted() of its result.
 * Not ported: BPF socket lookup, bucket locks.
 */
import type { inet_bind_bucket, inet_listen_hashbucket } from '../../include/net/inet_hashtables.ts';
import {
	FASTREUSEPORT_ANY,
	FASTREUSEPORT_STRICT,
	inet_bhashfn,
	inet_bind_bucket as inet_bind_bucket_class,
	inet_ehash_bucket,
	type inet_hashinfo,
	inet_lhash2_bucket,
	inet_lhashfn,
	inet_sk_bound_dev_eq,
} from '../../include/net/inet_hashtables.ts';
import { __inet6_ehashfn, INET6_MATCH } from '../../include/net/inet6_hashtables.ts';
import type {
	inet_timewait_death_row,
	inet_timewait_sock,
} from '../../include/net/inet_timewait_sock.ts';
import { inet_twsk } from '../../include/net/inet_timewait_sock.ts';
import { inet_reqsk } from '../../include/net/request_sock.ts';
import { twsk_unique } from '../../include/net/timewait_sock.ts';
import { inet_csk, type inet_connection_sock } from '../../include/net/inet_connection_sock.ts';
import { __inet_ehashfn, inet_sk } from '../../include/net/inet_sock.ts';
import {
	__ipv6_addr_jhash,
	IPV6_ADDR_ANY,
	IPV6_ADDR_MAPPED,
	ipv6_addr_any,
	ipv6_addr_equal,
	ipv6_addr_type,
	ipv6_addr_v4mapped,
	ipv6_portaddr_hash,
} from '../../include/net/ipv6.ts';
import {
	inet_is_local_reserved_port,
	ipv4_portaddr_hash,
	net_hash_mix,
} from '../../include/net/ip.ts';
import { l3mdev_master_ifindex_by_index } from '../../include/net/l3mdev.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { NET_INC_STATS } from '../../include/net/snmp.ts';
import {
	sk_hashed,
	sk_unhashed,
	SOCK_DEAD,
	sock_flag,
	SOCK_RCU_FREE,
	sock_set_flag,
	type sock,
	type sock_common,
} from '../../include/net/sock.ts';
import { TCP_CLOSE, TCP_LISTEN, TCP_NEW_SYN_RECV, TCP_TIME_WAIT } from '../../include/net/tcp_states.ts';
import type { hlist_head } from '../../include/linux/list.ts';
import { hlist_nulls_add_head,
	type hlist_nulls_head,
} from '../../include/linux/list_nulls.ts';
import {
	hlist_add_head,
	hlist_add_tail_rcu,
	hlist_del_init,
	hlist_empty,
	hlist_unhashed,
} from '../../include/linux/list.ts';
import { machine_var, WARN_ON } from '../../include/linux/machine.ts';
import { AF_INET, AF_INET6 } from '../../include/linux/socket.ts';
import { htons } from '../../include/linux/byteorder/generic.ts';
import { EADDRNOTAVAIL, ENOENT } from '../../include/uapi/linux/errno.ts';
import { LINUX_MIB_TIMEWAITRECYCLED } from '../../include/uapi/linux/snmp.ts';
import { reqsk_free } from '../core/request_sock.ts';
import { secure_ipv4_port_ephemeral } from '../core/secure_seq.ts';
import {
	__sk_del_node_init,
	sk_free,
	sk_nulls_del_node_init_rcu,
	sock_prot_inuse_add,
	sock_put,
} from '../core/sock.ts';
import { sk_stream_kill_queues } from '../core/stream.ts';
import {
	inet_bind_bucket_destroy,
	inet_twsk_bind_unhash,
	inet_twsk_deschedule_put,
	inet_twsk_free,
} from './inet_timewait_sock.ts';

export { inet_bind_bucket_destroy };

const inet_ehash_secret = machine_var((m) => m.random_u32());
const inet6_ehash_secret = machine_var((m) => m.random_u32());
const ipv6_hash_secret = machine_var((m) => m.random_u32());
const connect_hint = machine_var(() => ({ hint: 0 }));

/**
 * Changes the state of a socket.
 * @param state TCP_ESTABLISHED…
 * @kernel PORT: net/ipv4/af_inet.c:1353 inet_sk_set_state without tracing, below its users here
 */
export function inet_sk_set_state(sk: sock, state: number): void {
	sk.sk_state = state;
}

/**
 * Compares the bound addresses of two sockets when the first is an IPv6 one.
 * @param sk2_rcv_saddr6 null when the second is an IPv4 socket
 * @kernel PORT: net/ipv4/inet_connection_sock.c:35, below its users here
 */
function ipv6_rcv_saddr_equal(
	sk1_rcv_saddr6: Uint8Array,
	sk2_rcv_saddr6: Uint8Array | null,
	sk1_rcv_saddr: number,
	sk2_rcv_saddr: number,
	sk1_ipv6only: boolean,
	sk2_ipv6only: boolean,
	match_sk1_wildcard: boolean,
	match_sk2_wildcard: boolean,
): boolean {
	const addr_type = ipv6_addr_type(sk1_rcv_saddr6);
	const addr_type2 = sk2_rcv_saddr6 !== null ? ipv6_addr_type(sk2_rcv_saddr6) : IPV6_ADDR_MAPPED;

	if (addr_type === IPV6_ADDR_MAPPED && addr_type2 === IPV6_ADDR_MAPPED) {
		if (!sk2_ipv6only) {
			if (sk1_rcv_saddr === sk2_rcv_saddr) return true;
			return (
				(match_sk1_wildcard && sk1_rcv_saddr === 0) ||
				(match_sk2_wildcard && sk2_rcv_saddr === 0)
			);
		}
		return false;
	}

	if (addr_type === IPV6_ADDR_ANY && addr_type2 === IPV6_ADDR_ANY) return true;

	if (
		addr_type2 === IPV6_ADDR_ANY &&
		match_sk2_wildcard &&
		!(sk2_ipv6only && addr_type === IPV6_ADDR_MAPPED)
	)
		return true;

	if (
		addr_type === IPV6_ADDR_ANY &&
		match_sk1_wildcard &&
		!(sk1_ipv6only && addr_type2 === IPV6_ADDR_MAPPED)
	)
		return true;

	return sk2_rcv_saddr6 !== null && ipv6_addr_equal(sk1_rcv_saddr6, sk2_rcv_saddr6);
}

/**
 * Compares the bound addresses of two sockets when the first is an IPv4 one.
 * @kernel PORT: net/ipv4/inet_connection_sock.c:82, below its users here
 */
function ipv4_rcv_saddr_equal(
	sk1_rcv_saddr: number,
	sk2_rcv_saddr: number,
	sk2_ipv6only: boolean,
	match_sk1_wildcard: boolean,
	match_sk2_wildcard: boolean,
): boolean {
	if (!sk2_ipv6only) {
		if (sk1_rcv_saddr === sk2_rcv_saddr) return true;
		return (
			(match_sk1_wildcard && sk1_rcv_saddr === 0) ||
			(match_sk2_wildcard && sk2_rcv_saddr === 0)
		);
	}
	return false;
}

/**
 * The IPv6 address a socket is bound to, null for an IPv4 one.
 * @kernel PORT: inet6_rcv_saddr() for time-wait sockets as well
 */
function common_v6_rcv_saddr(sk: sock_common): Uint8Array | null {
	return sk.sk_family === AF_INET6 ? sk.sk_v6_rcv_saddr : null;
}

/**
 * Tells whether two sockets are bound to the same address.
 * @param match_wildcard the wildcard is the same as any address
 * @kernel PORT: net/ipv4/inet_connection_sock.c:97, below its users here
 */
export function inet_rcv_saddr_equal(
	sk: sock_common,
	sk2: sock_common,
	match_wildcard: boolean,
): boolean {
	if (sk.sk_family === AF_INET6)
		return ipv6_rcv_saddr_equal(
			sk.sk_v6_rcv_saddr,
			common_v6_rcv_saddr(sk2),
			sk.sk_rcv_saddr,
			sk2.sk_rcv_saddr,
			sk.sk_ipv6only,
			sk2.sk_ipv6only,
			match_wildcard,
			match_wildcard,
		);
	return ipv4_rcv_saddr_equal(
		sk.sk_rcv_saddr,
		sk2.sk_rcv_saddr,
		sk2.sk_ipv6only,
		match_wildcard,
		match_wildcard,
	);
}

/**
 * Tells whether a socket is bound to no address.
 * @kernel PORT: net/ipv4/inet_connection_sock.c:117, below its users here
 */
export function inet_rcv_saddr_any(sk: sock_common): boolean {
	if (sk.sk_family === AF_INET6) return ipv6_addr_any(sk.sk_v6_rcv_saddr);
	return sk.sk_rcv_saddr === 0;
}

/**
 * Tells whether the owners of a port surely let another SO_REUSEPORT socket in.
 * @kernel PORT: net/ipv4/inet_connection_sock.c:278, below its users here
 */
export function sk_reuseport_match(tb: inet_bind_bucket, sk: sock): boolean {
	if (tb.fastreuseport <= 0) return false;
	if (!sk.sk_reuseport) return false;
	if (sk_hashed(sk) && sk.sk_state === TCP_LISTEN) return false;
	if (tb.fastuid !== sk.sk_uid) return false;
	if (tb.fastreuseport === FASTREUSEPORT_ANY) return true;
	if (tb.fast_sk_family === AF_INET6)
		return ipv6_rcv_saddr_equal(
			tb.fast_v6_rcv_saddr,
			common_v6_rcv_saddr(sk),
			tb.fast_rcv_saddr,
			sk.sk_rcv_saddr,
			tb.fast_ipv6_only,
			sk.sk_ipv6only,
			true,
			false,
		);
	return ipv4_rcv_saddr_equal(
		tb.fast_rcv_saddr,
		sk.sk_rcv_saddr,
		sk.sk_ipv6only,
		true,
		false,
	);
}

/**
 * Notes on a port what a new owner allows.
 * @kernel PORT: net/ipv4/inet_connection_sock.c:312, below its users here
 */
export function inet_csk_update_fastreuse(tb: inet_bind_bucket, sk: sock): void {
	const reuse = sk.sk_reuse !== 0 && sk.sk_state !== TCP_LISTEN;

	if (hlist_empty(tb.owners)) {
		tb.fastreuse = reuse ? 1 : 0;
		if (sk.sk_reuseport) fast_remember(tb, sk, FASTREUSEPORT_ANY);
		else tb.fastreuseport = 0;
	} else {
		if (!reuse) tb.fastreuse = 0;
		if (sk.sk_reuseport) {
			if (!sk_reuseport_match(tb, sk)) fast_remember(tb, sk, FASTREUSEPORT_STRICT);
		} else {
			tb.fastreuseport = 0;
		}
	}
}

/**
 * Makes a socket the one that later SO_REUSEPORT sockets of a port are compared with.
 * @kernel PORT: twice the same lines in inet_csk_update_fastreuse()
 */
function fast_remember(tb: inet_bind_bucket, sk: sock, fastreuseport: number): void {
	tb.fastreuseport = fastreuseport;
	tb.fastuid = sk.sk_uid;
	tb.fast_rcv_saddr = sk.sk_rcv_saddr;
	tb.fast_ipv6_only = sk.sk_ipv6only;
	tb.fast_sk_family = sk.sk_family;
	tb.fast_v6_rcv_saddr.set(sk.sk_v6_rcv_saddr);
}

/**
 * Ends a socket that is closed, out of the tables and without an owner.
 * @kernel PORT: net/ipv4/inet_connection_sock.c:862, below its users here
 */
export function inet_csk_destroy_sock(sk: sock): void {
	const m = sk.machine;

	WARN_ON(m, sk.sk_state !== TCP_CLOSE, 'inet_csk_destroy_sock', 'socket is not closed');
	WARN_ON(m, !sock_flag(sk, SOCK_DEAD), 'inet_csk_destroy_sock', 'socket has an owner');
	WARN_ON(m, !sk_unhashed(sk), 'inet_csk_destroy_sock', 'socket is hashed');
	WARN_ON(
		m,
		inet_sk(sk).inet_num !== 0 && inet_csk(sk).icsk_bind_hash === null,
		'inet_csk_destroy_sock',
		'port is not bound',
	);

	sk.sk_prot.destroy!(sk);

	sk_stream_kill_queues(sk);

	sk.sk_prot.orphan_count!.of(m).value--;

	sock_put(sk);
}

/**
 * VRF in which a socket's port is its own.
 * @returns interface index, 0 for none
 * @kernel PORT: inline of include/net/inet_sock.h:140, over include/net/l3mdev.ts
 */
export function inet_sk_bound_l3mdev(sk: sock): number {
	const net = sk.sk_net;

	if (net.ipv4.sysctl_tcp_l3mdev_accept === 0)
		return l3mdev_master_ifindex_by_index(net, sk.sk_bound_dev_if);
	return 0;
}

/**
 * Puts a socket behind the last of a chain.
 * @kernel PORT: include/linux/rculist_nulls.h hlist_nulls_add_tail_rcu
 */
function hlist_nulls_add_tail_rcu(sk: sock_common, list: hlist_nulls_head<sock_common>): void {
	let last = list.first;
	if (last === null) {
		hlist_nulls_add_head(sk, list);
		return;
	}
	while (last.hnnode_next !== null) last = last.hnnode_next;
	sk.hnnode_next = null;
	sk.hnnode_prev = last;
	sk.hnnode_head = list;
	last.hnnode_next = sk;
}

/**
 * Hash of a connection over IPv4; addresses and fport in network order.
 * @kernel net/ipv4/inet_hashtables.c:31 (v5.10)
 */
function inet_ehashfn(net: net, laddr: number, lport: number, faddr: number, fport: number): number {
	return __inet_ehashfn(
		laddr,
		lport,
		faddr,
		fport,
		(inet_ehash_secret.of(net.machine) + net_hash_mix(net)) | 0,
	);
}

/**
 * Hash of a connection over IPv6; addresses of 16 bytes.
 * @param lport host order
 * @param fport network order
 * @kernel PORT: net/ipv6/inet6_hashtables.c:21, below its users here
 */
export function inet6_ehashfn(
	net: net,
	laddr: Uint8Array,
	loff: number,
	lport: number,
	faddr: Uint8Array,
	foff: number,
	fport: number,
): number {
	const lhash =
		((laddr[loff + 12] << 24) |
			(laddr[loff + 13] << 16) |
			(laddr[loff + 14] << 8) |
			laddr[loff + 15]) >>>
		0;
	const fhash = __ipv6_addr_jhash(faddr, ipv6_hash_secret.of(net.machine), foff);

	return __inet6_ehashfn(
		lhash,
		lport,
		fhash,
		fport,
		(inet6_ehash_secret.of(net.machine) + net_hash_mix(net)) >>> 0,
	);
}

/**
 * Hash of a socket of any kind.
 * @kernel net/ipv4/inet_hashtables.c:46 (v5.10)
 */
function sk_ehashfn(sk: sock_common): number {
	if (sk.sk_family === AF_INET6 && !ipv6_addr_v4mapped(sk.sk_v6_daddr))
		return inet6_ehashfn(
			sk.sk_net,
			sk.sk_v6_rcv_saddr,
			0,
			sk.sk_num,
			sk.sk_v6_daddr,
			0,
			sk.sk_dport,
		);
	return inet_ehashfn(sk.sk_net, sk.sk_rcv_saddr, sk.sk_num, sk.sk_daddr, sk.sk_dport);
}

/**
 * Makes a bucket for a local port and puts it on its chain.
 * @kernel net/ipv4/inet_hashtables.c:64 (v5.10)
 */
export function inet_bind_bucket_create(
	hashinfo: inet_hashinfo,
	net: net,
	head: hlist_head<inet_bind_bucket>,
	snum: number,
	l3mdev: number,
): inet_bind_bucket {
	const tb = new inet_bind_bucket_class(net, snum, l3mdev);

	hashinfo.bind_buckets++;
	hlist_add_head(tb.node, head);
	return tb;
}

/**
 * Makes a socket an owner of a local port.
 * @kernel net/ipv4/inet_hashtables.c:95 (v5.10)
 */
export function inet_bind_hash(sk: sock, tb: inet_bind_bucket, snum: number): void {
	inet_sk(sk).inet_num = snum;
	hlist_add_head(sk.sk_bind_node, tb.owners);
	inet_csk(sk).icsk_bind_hash = tb;
}

/**
 * Gives a socket's local port up.
 * @kernel net/ipv4/inet_hashtables.c:106 (v5.10)
 */
function __inet_put_port(sk: sock): void {
	const hashinfo = sk.sk_prot.hashinfo!.of(sk.machine);
	const tb = inet_csk(sk).icsk_bind_hash!;

	hlist_del_init(sk.sk_bind_node);
	inet_csk(sk).icsk_bind_hash = null;
	inet_sk(sk).inet_num = 0;
	inet_bind_bucket_destroy(hashinfo, tb);
}

/**
 * Gives a socket's local port up.
 * @kernel net/ipv4/inet_hashtables.c:123 (v5.10)
 */
export function inet_put_port(sk: sock): void {
	__inet_put_port(sk);
}

/**
 * Lets a child own the port it was connected at.
 * @returns 0, or -ENOENT when the listener has no port any more
 * @kernel net/ipv4/inet_hashtables.c:131 (v5.10)
 */
export function __inet_inherit_port(sk: sock, child: sock): number {
	const table = sk.sk_prot.hashinfo!.of(sk.machine);
	const port = inet_sk(child).inet_num;
	const head = table.bhash[inet_bhashfn(sk.sk_net, port, table.bhash_size)];
	let tb = inet_csk(sk).icsk_bind_hash;

	if (tb === null) return -ENOENT;
	if (tb.port !== port) {
		const l3mdev = inet_sk_bound_l3mdev(sk);

		tb = bind_bucket_find(head, sk.sk_net, l3mdev, port);
		tb ??= inet_bind_bucket_create(table, sk.sk_net, head, port, l3mdev);
		inet_csk_update_fastreuse(tb, child);
	}
	inet_bind_hash(child, tb, port);
	return 0;
}

/**
 * Finds the bucket of a local port on its chain.
 * @kernel PORT: inet_bind_bucket_for_each() with its condition
 */
export function bind_bucket_find(
	head: hlist_head<inet_bind_bucket>,
	net: net,
	l3mdev: number,
	port: number,
): inet_bind_bucket | null {
	for (let n = head.first; n !== null; n = n.next) {
		const tb = n.item;
		if (tb.ib_net === net && tb.l3mdev === l3mdev && tb.port === port) return tb;
	}
	return null;
}

/**
 * Bucket of a listener's address and port.
 * @kernel net/ipv4/inet_hashtables.c:179 (v5.10)
 */
function inet_lhash2_bucket_sk(
	h: inet_hashinfo,
	sk: sock,
): inet_listen_hashbucket<hlist_head<inet_connection_sock>> {
	const net = sk.sk_net;
	const hash =
		sk.sk_family === AF_INET6
			? ipv6_portaddr_hash(net_hash_mix(net), sk.sk_v6_rcv_saddr, sk.sk_num)
			: ipv4_portaddr_hash(net, sk.sk_rcv_saddr, sk.sk_num);

	return inet_lhash2_bucket(h, hash);
}

/**
 * Puts a listener into the table by address and port.
 * @kernel net/ipv4/inet_hashtables.c:196 (v5.10)
 */
function inet_hash2(h: inet_hashinfo, sk: sock): void {
	const ilb2 = inet_lhash2_bucket_sk(h, sk);

	if (sk.sk_reuseport && sk.sk_family === AF_INET6)
		hlist_add_tail_rcu(inet_csk(sk).icsk_listen_portaddr_node, ilb2.head);
	else hlist_add_head(inet_csk(sk).icsk_listen_portaddr_node, ilb2.head);
	ilb2.count++;
}

/**
 * Takes a listener out of the table by address and port.
 * @kernel net/ipv4/inet_hashtables.c:216 (v5.10)
 */
function inet_unhash2(h: inet_hashinfo, sk: sock): void {
	if (
		WARN_ON(
			sk.machine,
			hlist_unhashed(inet_csk(sk).icsk_listen_portaddr_node),
			'inet_unhash2',
			'listener is not hashed',
		)
	)
		return;

	const ilb2 = inet_lhash2_bucket_sk(h, sk);

	hlist_del_init(inet_csk(sk).icsk_listen_portaddr_node);
	ilb2.count--;
}

/**
 * How well a listener fits a packet; -1 for not at all.
 * @kernel net/ipv4/inet_hashtables.c:232 (v5.10)
 */
function compute_score(
	sk: sock,
	net: net,
	hnum: number,
	daddr: number,
	dif: number,
	sdif: number,
): number {
	let score = -1;

	if (sk.sk_net === net && sk.sk_num === hnum && !sk.sk_ipv6only) {
		if (sk.sk_rcv_saddr !== daddr) return -1;

		if (!inet_sk_bound_dev_eq(net, sk.sk_bound_dev_if, dif, sdif)) return -1;

		score = sk.sk_family === AF_INET ? 2 : 1;
	}
	return score;
}

/**
 * Tells whether two listeners share their port by SO_REUSEPORT.
 * @kernel PORT: membership of a group of net/core/sock_reuseport.c
 */
function reuseport_same_group(sk: sock, sk2: sock): boolean {
	return (
		sk2.sk_reuseport &&
		sk2.sk_net === sk.sk_net &&
		sk2.sk_family === sk.sk_family &&
		sk2.sk_ipv6only === sk.sk_ipv6only &&
		sk2.sk_bound_dev_if === sk.sk_bound_dev_if &&
		inet_csk(sk2).icsk_bind_hash === inet_csk(sk).icsk_bind_hash &&
		sk2.sk_uid === sk.sk_uid &&
		inet_rcv_saddr_equal(sk, sk2, false)
	);
}

/**
 * Chooses one of the listeners that share a port.
 * @param phash hash of the connection
 * @returns null when the listener does not share its port
 * @kernel PORT: lookup_reuseport() with reuseport_select_sock(), over the chain
 */
export function reuseport_select_sock(
	sk: sock,
	head: hlist_head<inet_connection_sock>,
	phash: number,
): sock | null {
	if (!sk.sk_reuseport) return null;

	let num_socks = 0;
	for (let n = head.first; n !== null; n = n.next)
		if (reuseport_same_group(sk, n.item)) num_socks++;

	/* The group counts from the eldest; an IPv4 chain has the youngest first. */
	let i = Math.floor((phash / 0x100000000) * num_socks);
	if (sk.sk_family !== AF_INET6) i = num_socks - 1 - i;
	for (let n = head.first; n !== null; n = n.next)
		if (reuseport_same_group(sk, n.item) && i-- === 0) return n.item;
	return null;
}

/**
 * Best listener of a bucket, without a reference.
 * @kernel net/ipv4/inet_hashtables.c:276 (v5.10)
 */
function inet_lhash2_lookup(
	net: net,
	ilb2: inet_listen_hashbucket<hlist_head<inet_connection_sock>>,
	saddr: number,
	sport: number,
	daddr: number,
	hnum: number,
	dif: number,
	sdif: number,
): sock | null {
	let result: sock | null = null;
	let hiscore = 0;

	for (let n = ilb2.head.first; n !== null; n = n.next) {
		const sk = n.item;
		const score = compute_score(sk, net, hnum, daddr, dif, sdif);
		if (score > hiscore) {
			if (sk.sk_reuseport) {
				const phash = inet_ehashfn(net, daddr, hnum, saddr, sport);
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
 * @param saddr network order
 * @param hnum destination port, host order
 * @kernel net/ipv4/inet_hashtables.c:327 (v5.10)
 */
export function __inet_lookup_listener(
	net: net,
	hashinfo: inet_hashinfo,
	saddr: number,
	sport: number,
	daddr: number,
	hnum: number,
	dif: number,
	sdif: number,
): sock | null {
	let hash2 = ipv4_portaddr_hash(net, daddr, hnum);
	let ilb2 = inet_lhash2_bucket(hashinfo, hash2);

	const result = inet_lhash2_lookup(net, ilb2, saddr, sport, daddr, hnum, dif, sdif);
	if (result !== null) return result;

	hash2 = ipv4_portaddr_hash(net, 0, hnum);
	ilb2 = inet_lhash2_bucket(hashinfo, hash2);

	return inet_lhash2_lookup(net, ilb2, saddr, sport, 0, hnum, dif, sdif);
}

/**
 * Finds the socket for a packet: a connection's with a reference, else a listener without.
 * @kernel PORT: inline of include/net/inet_hashtables.h:303 __inet_lookup, include/ does not import net/
 */
export function __inet_lookup(
	net: net,
	hashinfo: inet_hashinfo,
	saddr: number,
	sport: number,
	daddr: number,
	dport: number,
	dif: number,
	sdif: number,
): sock_common | null {
	const sk = __inet_lookup_established(net, hashinfo, saddr, sport, daddr, dport, dif, sdif);

	if (sk !== null) return sk;
	return __inet_lookup_listener(net, hashinfo, saddr, sport, daddr, dport, dif, sdif);
}

/**
 * Finds the socket for addresses and ports, with a reference.
 * @kernel PORT: inline of include/net/inet_hashtables.h:325 inet_lookup, include/ does not import net/
 */
export function inet_lookup(
	net: net,
	hashinfo: inet_hashinfo,
	saddr: number,
	sport: number,
	daddr: number,
	dport: number,
	dif: number,
): sock_common | null {
	const sk = __inet_lookup_established(net, hashinfo, saddr, sport, daddr, dport, dif, 0);
	if (sk !== null) return sk;
	const lsk = __inet_lookup_listener(net, hashinfo, saddr, sport, daddr, dport, dif, 0);
	if (lsk !== null) lsk.sk_refcnt++;
	return lsk;
}

/**
 * Drops a reference on a socket of any kind.
 * @kernel net/ipv4/inet_hashtables.c:370 (v5.10)
 */
export function sock_gen_put(sk: sock_common): void {
	if (--sk.sk_refcnt !== 0) return;

	if (sk.sk_state === TCP_TIME_WAIT) inet_twsk_free(inet_twsk(sk));
	else if (sk.sk_state === TCP_NEW_SYN_RECV) reqsk_free(inet_reqsk(sk));
	else sk_free(sk as sock);
}

/**
 * Tells whether a socket is the one of a connection. Addresses are given as a packet to the socket has them.
 * @param hnum local port, host order
 * @kernel PORT: the macro INET_MATCH of include/net/inet_hashtables.h
 */
function INET_MATCH(
	sk: sock_common,
	net: net,
	saddr: number,
	daddr: number,
	sport: number,
	hnum: number,
	dif: number,
	sdif: number,
): boolean {
	return (
		sk.sk_dport === sport &&
		sk.sk_num === hnum &&
		sk.sk_daddr === saddr &&
		sk.sk_rcv_saddr === daddr &&
		(sk.sk_bound_dev_if === dif || sk.sk_bound_dev_if === sdif) &&
		sk.sk_net === net
	);
}

/**
 * Finds the socket of a connection, with a reference: a full one, a request or one in TIME_WAIT.
 * @param saddr foreign address and sport foreign port, network order
 * @param hnum local port, host order
 * @kernel net/ipv4/inet_hashtables.c:390 (v5.10)
 */
export function __inet_lookup_established(
	net: net,
	hashinfo: inet_hashinfo,
	saddr: number,
	sport: number,
	daddr: number,
	hnum: number,
	dif: number,
	sdif: number,
): sock_common | null {
	const hash = inet_ehashfn(net, daddr, hnum, saddr, sport);

	let sk = hashinfo.ehash[hash & hashinfo.ehash_mask].first;
	for (; sk !== null; sk = sk.hnnode_next) {
		if (sk.sk_hash !== hash) continue;
		if (INET_MATCH(sk, net, saddr, daddr, sport, hnum, dif, sdif)) {
			if (sk.sk_refcnt === 0) return null;
			sk.sk_refcnt++;
			return sk;
		}
	}
	return null;
}

/** What connect() learns about the old owner of its ports. */
export class twsk_result {
	tw: inet_timewait_sock | null = null;
}

/**
 * Checks that nobody has a connection, and puts the socket into the table.
 * @kernel net/ipv4/inet_hashtables.c:439 (v5.10)
 */
function __inet_check_established(
	death_row: inet_timewait_death_row,
	sk: sock,
	lport: number,
	twp: twsk_result | null,
): number {
	const hinfo = death_row.hashinfo!;
	const inet = inet_sk(sk);
	const daddr = inet.inet_rcv_saddr;
	const saddr = inet.inet_daddr;
	const dif = sk.sk_bound_dev_if;
	const net = sk.sk_net;
	const sdif = l3mdev_master_ifindex_by_index(net, dif);
	const hash = inet_ehashfn(net, daddr, lport, saddr, inet.inet_dport);
	const head = inet_ehash_bucket(hinfo, hash);
	let tw: inet_timewait_sock | null = null;

	for (let sk2 = head.first; sk2 !== null; sk2 = sk2.hnnode_next) {
		if (sk2.sk_hash !== hash) continue;

		if (INET_MATCH(sk2, net, saddr, daddr, inet.inet_dport, lport, dif, sdif)) {
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
 * Puts a connecting socket into the table, in place of one in TIME_WAIT when there was one.
 * @returns 0
 * @kernel PORT: the tail that __inet_check_established() and __inet6_check_established() share
 */
export function established_take(
	sk: sock,
	lport: number,
	hash: number,
	head: hlist_nulls_head<sock_common>,
	tw: inet_timewait_sock | null,
	twp: twsk_result | null,
): number {
	const inet = inet_sk(sk);

	inet.inet_num = lport;
	inet.inet_sport = htons(lport);
	sk.sk_hash = hash;
	WARN_ON(sk.machine, !sk_unhashed(sk), 'inet_check_established', 'socket is hashed already');
	hlist_nulls_add_head<sock_common>(sk, head);
	if (tw !== null) {
		sk_nulls_del_node_init_rcu(tw);
		NET_INC_STATS(sk.sk_net, LINUX_MIB_TIMEWAITRECYCLED);
	}
	sock_prot_inuse_add(sk.sk_net, sk.sk_prot, 1);

	if (twp !== null) twp.tw = tw;
	else if (tw !== null) inet_twsk_deschedule_put(tw);
	return 0;
}

/**
 * Where the search for a free port begins.
 * @kernel net/ipv4/inet_hashtables.c:505 (v5.10)
 */
function inet_sk_port_offset(sk: sock): number {
	const inet = inet_sk(sk);

	return secure_ipv4_port_ephemeral(
		sk.machine,
		inet.inet_rcv_saddr,
		inet.inet_daddr,
		inet.inet_dport,
	);
}

/**
 * Tells whether a connection's socket is on a chain already.
 * @kernel net/ipv4/inet_hashtables.c:517 (v5.10)
 */
function inet_ehash_lookup_by_sk(sk: sock_common, list: hlist_nulls_head<sock_common>): boolean {
	const dif = sk.sk_bound_dev_if;
	const net = sk.sk_net;

	for (let esk = list.first; esk !== null; esk = esk.hnnode_next) {
		if (esk.sk_hash !== sk.sk_hash) continue;
		if (sk.sk_family === AF_INET) {
			if (
				INET_MATCH(
					esk,
					net,
					sk.sk_daddr,
					sk.sk_rcv_saddr,
					sk.sk_dport,
					sk.sk_num,
					dif,
					dif,
				)
			)
				return true;
		} else if (sk.sk_family === AF_INET6) {
			if (
				INET6_MATCH(
					esk,
					net,
					sk.sk_v6_daddr,
					0,
					sk.sk_v6_rcv_saddr,
					0,
					sk.sk_dport,
					sk.sk_num,
					dif,
					dif,
				)
			)
				return true;
		}
	}
	return false;
}

/** What an insertion learns about a socket that was there before. */
export interface found_dup {
	found: boolean;
}

/**
 * Puts a socket into the table of connections, in place of another when given.
 * @param osk request or TIME_WAIT socket whose place it takes
 * @param found_dup_sk when given, a connection that exists is not doubled
 * @returns whether it was put in
 * @kernel net/ipv4/inet_hashtables.c:559 (v5.10)
 */
export function inet_ehash_insert(
	sk: sock_common,
	osk: sock_common | null,
	found_dup_sk: found_dup | null,
): boolean {
	const hashinfo = sk.sk_prot.hashinfo!.of(sk.machine);
	let ret = true;

	WARN_ON(sk.machine, !sk_unhashed(sk), 'inet_ehash_insert', 'socket is hashed already');

	sk.sk_hash = sk_ehashfn(sk);
	const list = inet_ehash_bucket(hashinfo, sk.sk_hash);

	if (osk !== null) {
		WARN_ON(
			sk.machine,
			sk.sk_hash !== osk.sk_hash,
			'inet_ehash_insert',
			'sockets are of different connections',
		);
		ret = sk_nulls_del_node_init_rcu(osk);
	} else if (found_dup_sk !== null) {
		found_dup_sk.found = inet_ehash_lookup_by_sk(sk, list);
		if (found_dup_sk.found) ret = false;
	}

	if (ret) hlist_nulls_add_head(sk, list);
	return ret;
}

/**
 * Puts a full socket into the table of connections; destroys it when that is not possible.
 * @returns whether it was put in
 * @kernel net/ipv4/inet_hashtables.c:592 (v5.10)
 */
export function inet_ehash_nolisten(
	sk: sock,
	osk: sock_common | null,
	found_dup_sk: found_dup | null,
): boolean {
	const ok = inet_ehash_insert(sk, osk, found_dup_sk);

	if (ok) {
		sock_prot_inuse_add(sk.sk_net, sk.sk_prot, 1);
	} else {
		sk.sk_prot.orphan_count!.of(sk.machine).value++;
		inet_sk_set_state(sk, TCP_CLOSE);
		sock_set_flag(sk, SOCK_DEAD);
		inet_csk_destroy_sock(sk);
	}
	return ok;
}

/**
 * Puts a socket into the tables its state asks for.
 * @returns 0
 * @kernel net/ipv4/inet_hashtables.c:631 (v5.10)
 */
export function __inet_hash(sk: sock, osk: sock_common | null): number {
	const hashinfo = sk.sk_prot.hashinfo!.of(sk.machine);

	if (sk.sk_state !== TCP_LISTEN) {
		inet_ehash_nolisten(sk, osk, null);
		return 0;
	}
	WARN_ON(sk.machine, !sk_unhashed(sk), '__inet_hash', 'socket is hashed already');
	const ilb = hashinfo.listening_hash[inet_lhashfn(sk.sk_net, sk.sk_num)];

	if (sk.sk_reuseport && sk.sk_family === AF_INET6)
		hlist_nulls_add_tail_rcu(sk, ilb.head);
	else hlist_nulls_add_head<sock_common>(sk, ilb.head);
	inet_hash2(hashinfo, sk);
	ilb.count++;
	sock_set_flag(sk, SOCK_RCU_FREE);
	sock_prot_inuse_add(sk.sk_net, sk.sk_prot, 1);
	return 0;
}

/**
 * Puts a socket that is not closed into the tables.
 * @kernel net/ipv4/inet_hashtables.c:666 (v5.10)
 */
export function inet_hash(sk: sock): number {
	return sk.sk_state !== TCP_CLOSE ? __inet_hash(sk, null) : 0;
}

/**
 * Takes a socket out of the tables.
 * @kernel net/ipv4/inet_hashtables.c:680 (v5.10)
 */
export function inet_unhash(sk: sock): void {
	const hashinfo = sk.sk_prot.hashinfo!.of(sk.machine);

	if (sk_unhashed(sk)) return;

	if (sk.sk_state === TCP_LISTEN) {
		const ilb = hashinfo.listening_hash[inet_lhashfn(sk.sk_net, sk.sk_num)];
		inet_unhash2(hashinfo, sk);
		ilb.count--;
	}
	__sk_del_node_init(sk);
	sock_prot_inuse_add(sk.sk_net, sk.sk_prot, -1);
}

export type check_established_t = (
	death_row: inet_timewait_death_row,
	sk: sock,
	lport: number,
	twp: twsk_result | null,
) => number;

/**
 * Ports that may be given out.
 * @returns [low, high], both included
 * @kernel PORT: net/ipv4/inet_connection_sock.c:125 inet_get_local_port_range, below its users here
 */
export function inet_get_local_port_range(net: net): readonly [number, number] {
	return net.ipv4.ip_local_ports.range;
}

/**
 * Gives a connecting socket a port, unless it has one, and puts it into the tables.
 * @param port_offset where the search begins
 * @returns 0 or -EADDRNOTAVAIL
 * @kernel net/ipv4/inet_hashtables.c:712 (v5.10)
 */
export function __inet_hash_connect(
	death_row: inet_timewait_death_row,
	sk: sock,
	port_offset: number,
	check_established: check_established_t,
): number {
	const hinfo = death_row.hashinfo!;
	const net = sk.sk_net;
	const twres = new twsk_result();
	let port = inet_sk(sk).inet_num;
	let tb: inet_bind_bucket | null;

	if (port !== 0) {
		tb = inet_csk(sk).icsk_bind_hash!;
		if (tb.owners.first === sk.sk_bind_node && sk.sk_bind_node.next === null) {
			inet_ehash_nolisten(sk, null, null);
			return 0;
		}
		return check_established(death_row, sk, port, null);
	}

	const l3mdev = inet_sk_bound_l3mdev(sk);
	const [low, last] = inet_get_local_port_range(net);
	const high = last + 1;
	const hint = connect_hint.of(sk.machine);
	let remaining = high - low;
	if (remaining > 1) remaining &= ~1;

	let offset = ((hint.hint + port_offset) >>> 0) % remaining;
	offset = (offset & ~1) >>> 0;
	do {
		port = low + offset;
		for (let i = 0; i < remaining; i += 2, port += 2) {
			if (port >= high) port -= remaining;
			if (inet_is_local_reserved_port(net, port)) continue;
			const head = hinfo.bhash[inet_bhashfn(net, port, hinfo.bhash_size)];

			tb = bind_bucket_find(head, net, l3mdev, port);
			if (tb !== null) {
				if (tb.fastreuse >= 0 || tb.fastreuseport >= 0) continue;
				WARN_ON(
					sk.machine,
					hlist_empty(tb.owners),
					'__inet_hash_connect',
					'bind bucket without owners',
				);
				if (check_established(death_row, sk, port, twres) !== 0) continue;
			} else {
				tb = inet_bind_bucket_create(hinfo, net, head, port, l3mdev);
				tb.fastreuse = -1;
				tb.fastreuseport = -1;
			}

			hint.hint = (hint.hint + i + 2) >>> 0;

			const tw = twres.tw;
			inet_bind_hash(sk, tb, port);
			if (sk_unhashed(sk)) {
				inet_sk(sk).inet_sport = htons(port);
				inet_ehash_nolisten(sk, tw, null);
			}
			if (tw !== null) {
				inet_twsk_bind_unhash(tw, hinfo);
				inet_twsk_deschedule_put(tw);
			}
			return 0;
		}

		offset++;
	} while ((offset & 1) !== 0 && remaining > 1);

	return -EADDRNOTAVAIL;
}

/**
 * Gives a connecting IPv4 socket a port and puts it into the tables.
 * @kernel net/ipv4/inet_hashtables.c:827 (v5.10)
 */
export function inet_hash_connect(death_row: inet_timewait_death_row, sk: sock): number {
	let port_offset = 0;

	if (inet_sk(sk).inet_num === 0) port_offset = inet_sk_port_offset(sk);
	return __inet_hash_connect(death_row, sk, port_offset, __inet_check_established);
}

