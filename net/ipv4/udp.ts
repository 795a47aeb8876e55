// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/udp.c, base v5.10: UDP over IPv4, and what UDP over IPv6 shares with it.
 *
 * PORT: UDP_SKB_CB(skb)->cscov is skb.cb0, the truesize in udp_dev_scratch is skb.cb1; what else the scratch
 * caches is read from the packet. What a send works with is one object a machine.
 * Not ported: reuseport groups (of several sockets of a port the best match gets the packet), BPF, UDP-Lite,
 * tunnels, busy locks, ioctl, early demultiplexing of groups, udp_sendpage() (a page is copied, as
 * sock_no_sendpage() does); UDP_SEGMENT, GRO and with them
 * net/ipv4/udp_offload.c, so no datagram here is a GSO packet.
 */
import {
	get_unaligned_be16,
	get_unaligned_be32,
	htons,
	put_unaligned_be16,
	ntohs,
} from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { ipv4_is_lbcast, ipv4_is_multicast } from '../../include/linux/in.ts';
import { ip_daddr, ip_saddr } from '../../include/linux/ip.ts';
import { proc_create_net, remove_proc_entry } from '../../include/linux/proc_fs.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import { ipv6_only_sock } from '../../include/linux/ipv6.ts';
import { hlist_add_head, hlist_add_tail_rcu, hlist_del_init } from '../../include/linux/list.ts';
import { machine_var, prandom_u32, type Machine } from '../../include/linux/machine.ts';
import { EPOLLIN, EPOLLRDNORM, SOCK_NOSPACE, type socket } from '../../include/linux/net.ts';
import {
	__skb_dequeue,
	__skb_queue_tail,
	__skb_unlink,
	CHECKSUM_COMPLETE,
	CHECKSUM_NONE,
	CHECKSUM_PARTIAL,
	PACKET_HOST,
	skb_cloned,
	skb_csum_unnecessary,
	skb_is_gso,
	skb_peek,
	skb_queue_head_init,
	skb_queue_splice_tail_init,
	skb_transport_offset,
	type sk_buff,
	type sk_buff_head,
} from '../../include/linux/skbuff.ts';
import {
	AF_INET,
	AF_INET6,
	AF_UNSPEC,
	MSG_CONFIRM,
	MSG_DONTROUTE,
	MSG_DONTWAIT,
	MSG_ERRQUEUE,
	MSG_MORE,
	MSG_OOB,
	MSG_PEEK,
	MSG_PROBE,
	MSG_TRUNC,
	SOL_UDP,
	type msghdr,
	type sockopt_result,
	type sockopt_value,
} from '../../include/linux/socket.ts';
import type { __be16, __be32 } from '../../include/linux/types.ts';
import { udp_sk, udp_sock } from '../../include/linux/udp.ts';
import {
	csum_add,
	CSUM_MANGLED_0,
	csum_partial,
	csum_tcpudp_magic,
} from '../../include/net/checksum.ts';
import {
	dst_check,
	dst_confirm_neigh,
	type dst_entry,
	dst_hold,
	dst_release,
	skb_dst_set_noref,
} from '../../include/net/dst.ts';
import { flowi4, flowi4_init_output } from '../../include/net/flow.ts';
import { icmp_err_convert, icmp_send } from '../../include/net/icmp.ts';
import {
	inet_cork,
	inet_get_convert_csum,
	inet_sk,
	inet_sk_flowi_flags,
} from '../../include/net/inet_sock.ts';
import {
	get_rttos,
	inet_compute_pseudo,
	inet_is_local_reserved_port,
	inet_reset_saddr,
	inet_sdif,
	ipcm_cookie,
	ipcm_init_sk,
	ipv4_portaddr_hash,
} from '../../include/net/ip.ts';
import {
	l3mdev_master_ifindex_by_index,
	netif_index_is_l3_master,
} from '../../include/net/l3mdev.ts';
import type { net } from '../../include/net/net_namespace.ts';
import {
	RTCF_BROADCAST,
	RTCF_MULTICAST,
	RTO_ONLINK,
	type rtable,
} from '../../include/net/route.ts';
import { ICMP_INC_STATS, IP_INC_STATS, UDP_INC_STATS } from '../../include/net/snmp.ts';
import {
	proto_counter,
	RCV_SHUTDOWN,
	SK_MEM_QUANTUM,
	SK_MEM_QUANTUM_SHIFT,
	SK_MEM_RECV,
	sk_hashed,
	sk_mem_pages,
	sk_unhashed,
	SOCK_BINDADDR_LOCK,
	SOCK_BINDPORT_LOCK,
	SOCK_BROADCAST,
	SOCK_DEAD,
	sock_error,
	sock_flag,
	sock_hold,
	SOCK_LOCALROUTE,
	sock_net,
	SOCK_RCU_FREE,
	sock_set_flag,
	sock_skb_set_dropcount,
	type proto,
	type sock,
	sk_wmem_alloc_get,
} from '../../include/net/sock.ts';
import { TCP_CLOSE, TCP_ESTABLISHED } from '../../include/net/tcp_states.ts';
import {
	udp_hashslot,
	udp_hashslot2,
	udp_sk_bound_dev_eq,
	udp_table_global,
	udp_v4_check,
	type udp_hslot,
	type udp_hslot2,
	type udp_table,
} from '../../include/net/udp.ts';
import { xfrm4_policy_check, XFRM_POLICY_IN } from '../../include/net/xfrm.ts';
import {
	EACCES,
	EAFNOSUPPORT,
	EAGAIN,
	EDESTADDRREQ,
	EHOSTUNREACH,
	EINVAL,
	EMSGSIZE,
	ENETUNREACH,
	ENOBUFS,
	ENOENT,
	ENOMEM,
	ENOPROTOOPT,
	EOPNOTSUPP,
	EPROTO,
} from '../../include/uapi/linux/errno.ts';
import {
	ICMP_DEST_UNREACH,
	ICMP_FRAG_NEEDED,
	ICMP_PARAMETERPROB,
	ICMP_PORT_UNREACH,
	ICMP_REDIRECT,
	ICMP_SOURCE_QUENCH,
	ICMPHDR_code,
	ICMPHDR_type,
	NR_ICMP_UNREACH,
} from '../../include/uapi/linux/icmp.ts';
import { IP_PMTUDISC_DONT, IPPROTO_UDP } from '../../include/uapi/linux/in.ts';
import { IPHDR_daddr, IPHDR_saddr } from '../../include/uapi/linux/ip.ts';
import { RT_SCOPE_UNIVERSE } from '../../include/uapi/linux/rtnetlink.ts';
import {
	ICMP_MIB_INERRORS,
	IPSTATS_MIB_OUTNOROUTES,
	UDP_MIB_CSUMERRORS,
	UDP_MIB_IGNOREDMULTI,
	UDP_MIB_INDATAGRAMS,
	UDP_MIB_INERRORS,
	UDP_MIB_NOPORTS,
	UDP_MIB_OUTDATAGRAMS,
	UDP_MIB_RCVBUFERRORS,
	UDP_MIB_SNDBUFERRORS,
} from '../../include/uapi/linux/snmp.ts';
import {
	UDP_CORK,
	UDP_ENCAP,
	UDP_ENCAP_ESPINUDP,
	UDP_ENCAP_ESPINUDP_NON_IKE,
	UDP_NO_CHECK6_RX,
	UDP_NO_CHECK6_TX,
	UDPHDR_check,
	UDPHDR_dest,
	UDPHDR_len,
	UDPHDR_LEN,
	UDPHDR_source,
} from '../../include/uapi/linux/udp.ts';
import {
	__sk_queue_drop_skb,
	__skb_checksum_validate,
	__skb_try_recv_from_queue,
	__skb_wait_for_more_packets,
	datagram_poll,
	skb_checksum_try_convert,
	skb_copy_and_csum_datagram_msg,
	skb_copy_datagram_msg,
	type recv_off,
} from '../core/datagram.ts';
import { __skb_gso_segment } from '../core/dev.ts';
import { dst_hold_safe } from '../core/dst.ts';
import {
	__pskb_pull_tail,
	__skb_checksum_complete,
	__skb_checksum_complete_head,
	__skb_pull,
	__skb_push,
	consume_skb,
	kfree_skb,
	nf_reset_ct,
	pskb_may_pull,
	pskb_trim_rcsum,
	skb_checksum,
	skb_clone,
	skb_ext_reset,
	skb_pull_rcsum,
	SKB_TRUESIZE,
} from '../core/skbuff.ts';
import {
	__sk_mem_raise_allocated,
	__sk_mem_reduce_allocated,
	lock_sock,
	lock_sock_fast,
	release_sock,
	sk_add_node_rcu,
	sk_common_release,
	sk_del_node_init,
	sk_dst_check,
	sk_dst_reset,
	sk_dst_set,
	sk_peek_offset,
	sk_peek_offset_bwd,
	skb_steal_sock,
	sock_efree,
	sock_prot_inuse_add,
	sock_put,
	sock_recv_ts_and_drops,
	unlock_sock_fast,
	type errcode,
} from '../core/sock.ts';
import { ip4_datagram_connect, ip4_datagram_release_cb } from './datagram.ts';
import { inet_sock_destruct } from './inet_common.ts';
import { inet_get_local_port_range, inet_rcv_saddr_equal } from './inet_hashtables.ts';
import {
	ip_append_data,
	ip_finish_skb,
	ip_flush_pending_frames,
	ip_generic_getfrag,
	ip_make_skb,
	ip_send_skb,
	rtable_ref,
} from './ip_output.ts';
import {
	ip_cmsg_recv_offset,
	ip_cmsg_send,
	ip_getsockopt,
	ip_icmp_error,
	ip_recv_error,
	ip_setsockopt,
	ipv4_pktinfo_prepare,
} from './ip_sockglue.ts';
import {
	inet_iif,
	ip_route_output_flow,
	ip_rt_put,
	ipv4_sk_redirect,
	ipv4_sk_update_pmtu,
} from './route.ts';

/** Pages that UDP sockets use on a machine, and their limits for about 2 GB of memory. */
export const udp_memory_allocated = machine_var(() => new proto_counter());
export const sysctl_udp_mem = machine_var(() => [47_616, 63_488, 95_232]);

/** Hooks that IPsec sets: receive functions of encapsulated packets. */
export const udp_encap_ops = machine_var(
	(): {
		xfrm4_udp_encap_rcv: ((sk: sock, skb: sk_buff) => number) | null;
		xfrm6_udp_encap_rcv: ((sk: sock, skb: sk_buff) => number) | null;
		/** udp_encap_needed_key: sockets that take encapsulated packets. */
		needed: number;
	} => ({ xfrm4_udp_encap_rcv: null, xfrm6_udp_encap_rcv: null, needed: 0 }),
);

/** What udp_sendmsg() works with. */
const send_scratch = machine_var(() => ({
	ipc: new ipcm_cookie(),
	fl4: new flowi4(),
	cork: new inet_cork(),
	rtp: new rtable_ref(),
}));

/**
 * Sum of a packet's checksum, by its coverage.
 * @returns 0 when right
 * @kernel include/net/udp.h:109 (v5.10)
 */
export function __udp_lib_checksum_complete(skb: sk_buff): number {
	return skb.cb0 === skb.len
		? __skb_checksum_complete(skb)
		: __skb_checksum_complete_head(skb, skb.cb0);
}

/**
 * Checks a packet's checksum unless that is done.
 * @returns true when it is wrong
 * @kernel include/net/udp.h:116 (v5.10)
 */
export function udp_lib_checksum_complete(skb: sk_buff): boolean {
	return !skb_csum_unnecessary(skb) && __udp_lib_checksum_complete(skb) !== 0;
}

/**
 * Sum of a datagram that is sent, its fragment list included.
 * @kernel include/net/udp.h:138 (v5.10)
 */
export function udp_csum(skb: sk_buff): number {
	let csum = csum_partial(skb.head, skb.transport_header, UDPHDR_LEN, skb.csum);
	for (let f = skb.shinfo.frag_list; f !== null; f = f.next) csum = csum_add(csum, f.csum);
	return csum;
}

/**
 * Takes the UDP header off a received packet, its sum into account.
 * @kernel include/net/udp.h:158 (v5.10)
 */
export function udp_csum_pull_header(skb: sk_buff): void {
	if (!skb.csum_valid && skb.ip_summed === CHECKSUM_NONE)
		skb.csum = csum_partial(skb.head, skb.data, UDPHDR_LEN, skb.csum);
	skb_pull_rcsum(skb, UDPHDR_LEN);
	skb.cb0 -= UDPHDR_LEN;
}

/**
 * Never called: binding hashes.
 * @kernel include/net/udp.h:198 (v5.10)
 */
export function udp_lib_hash(sk: sock): number {
	sk.machine.record('BUG', 'udp_lib_hash', 'a UDP socket is hashed by its port');
	return 0;
}

/**
 * Closes a socket.
 * @kernel include/net/udp.h:207 (v5.10)
 */
export function udp_lib_close(sk: sock, _timeout: number): void {
	sk_common_release(sk);
}

/**
 * Bytes that wait to be read, as `ss` shows them.
 * @kernel include/net/udp.h:253 (v5.10)
 */
export function udp_rqueue_get(sk: sock): number {
	return sk.sk_rmem_alloc - udp_sk(sk).forward_deficit;
}

/**
 * Tells whether another socket stands in the way of one that wants a port.
 * @param sk2 the other
 * @kernel PORT: the condition that udp_lib_lport_inuse() and udp_lib_lport_inuse2() share
 */
function udp_sk_conflicts(net: net, sk: sock, sk2: sock): boolean {
	return (
		sock_net(sk2) === net &&
		sk2 !== sk &&
		(sk2.sk_reuse === 0 || sk.sk_reuse === 0) &&
		(sk2.sk_bound_dev_if === 0 ||
			sk.sk_bound_dev_if === 0 ||
			sk2.sk_bound_dev_if === sk.sk_bound_dev_if) &&
		inet_rcv_saddr_equal(sk, sk2, true)
	);
}

/**
 * Tells whether a port is taken; or, with a bitmap, marks the taken ports of a slot.
 * @param num port
 * @param bitmap by port >> log
 * @kernel net/ipv4/udp.c:132 (v5.10)
 */
function udp_lib_lport_inuse(
	net: net,
	num: number,
	hslot: udp_hslot,
	bitmap: Uint8Array | null,
	sk: sock,
	log: number,
): boolean {
	for (let n = hslot.head.first; n !== null; n = n.hnnode_next) {
		const sk2 = n as udp_sock;
		if (bitmap === null && sk2.udp_port_hash !== num) continue;
		if (!udp_sk_conflicts(net, sk, sk2)) continue;
		if (sk2.sk_reuseport && sk.sk_reuseport) {
			if (bitmap === null) return false;
		} else {
			if (bitmap === null) return true;
			bitmap[sk2.udp_port_hash >> log] = 1;
		}
	}
	return false;
}

/**
 * Tells whether a port is taken, by the table of addresses and ports.
 * @kernel net/ipv4/udp.c:168 (v5.10)
 */
function udp_lib_lport_inuse2(net: net, num: number, hslot2: udp_hslot2, sk: sock): boolean {
	for (let n = hslot2.head.first; n !== null; n = n.next) {
		const sk2 = n.item as udp_sock;
		if (sk2.udp_port_hash !== num || !udp_sk_conflicts(net, sk, sk2)) continue;
		return !(sk2.sk_reuseport && sk.sk_reuseport);
	}
	return false;
}

/**
 * Gives a socket a port and lets it be found.
 * @param snum port, 0 for any
 * @param hash2_nulladdr hash of the wildcard address and the port
 * @returns 0, or 1 when the port is taken
 * @kernel net/ipv4/udp.c:230 (v5.10)
 */
export function udp_lib_get_port(sk: sock, snum: number, hash2_nulladdr: number): number {
	const udptable = sk.sk_prot.udp_table!.of(sk.machine);
	const net = sock_net(sk);
	const up = udp_sk(sk);
	let hslot: udp_hslot;
	if (snum === 0) {
		const [low, high] = inet_get_local_port_range(net);
		const remaining = high - low + 1;
		const rnd = prandom_u32(sk.machine);
		let first = Math.floor((rnd / 0x100000000) * remaining) + low;
		/* An odd multiple of the slots, so that the walk sees all ports of a slot. */
		const step = Math.imul(rnd | 1, udptable.mask + 1) & 0xffff;
		const last = (first + udptable.mask + 1) & 0xffff;
		const bitmap = new Uint8Array(65536 >> udptable.log);
		found: {
			do {
				hslot = udp_hashslot(udptable, net, first);
				bitmap.fill(0);
				udp_lib_lport_inuse(net, 0, hslot, bitmap, sk, udptable.log);
				snum = first;
				do {
					if (
						low <= snum &&
						snum <= high &&
						bitmap[snum >> udptable.log] === 0 &&
						!inet_is_local_reserved_port(net, snum)
					)
						break found;
					snum = (snum + step) & 0xffff;
				} while (snum !== first);
				first = (first + 1) & 0xffff;
			} while (first !== last);
			return 1;
		}
	} else {
		hslot = udp_hashslot(udptable, net, snum);
		let scan_primary_hash = true;
		if (hslot.count > 10) {
			const slot2 = (up.udp_portaddr_hash ^ snum) & udptable.mask;
			hash2_nulladdr = (hash2_nulladdr & udptable.mask) >>> 0;
			let hslot2 = udp_hashslot2(udptable, slot2);
			if (hslot.count >= hslot2.count) {
				scan_primary_hash = false;
				let exist = udp_lib_lport_inuse2(net, snum, hslot2, sk);
				if (!exist && hash2_nulladdr !== slot2) {
					hslot2 = udp_hashslot2(udptable, hash2_nulladdr);
					exist = udp_lib_lport_inuse2(net, snum, hslot2, sk);
				}
				if (exist) return 1;
			}
		}
		if (scan_primary_hash && udp_lib_lport_inuse(net, snum, hslot, null, sk, 0))
			return 1;
	}
	inet_sk(sk).inet_num = snum;
	up.udp_port_hash = snum;
	up.udp_portaddr_hash = (up.udp_portaddr_hash ^ snum) & 0xffff;
	if (sk_unhashed(sk)) {
		sk_add_node_rcu(sk, hslot.head);
		hslot.count++;
		sock_prot_inuse_add(net, sk.sk_prot, 1);
		const hslot2 = udp_hashslot2(udptable, up.udp_portaddr_hash);
		if (sk.sk_reuseport && sk.sk_family === AF_INET6)
			hlist_add_tail_rcu(sk.sk_bind_node, hslot2.head);
		else hlist_add_head(sk.sk_bind_node, hslot2.head);
		hslot2.count++;
	}
	sock_set_flag(sk, SOCK_RCU_FREE);
	return 0;
}

/**
 * Gives an IPv4 socket a port.
 * @param snum port, 0 for any
 * @returns 0, or 1 when the port is taken
 * @kernel net/ipv4/udp.c:345 (v5.10)
 */
export function udp_v4_get_port(sk: sock, snum: number): number {
	const net = sock_net(sk);
	const hash2_nulladdr = ipv4_portaddr_hash(net, 0, snum);
	const hash2_partial = ipv4_portaddr_hash(net, inet_sk(sk).inet_rcv_saddr, 0);
	udp_sk(sk).udp_portaddr_hash = hash2_partial & 0xffff;
	return udp_lib_get_port(sk, snum, hash2_nulladdr);
}

/**
 * Tells how well a socket fits a packet.
 * @param hnum our port
 * @returns -1 when not at all
 * @kernel net/ipv4/udp.c:357 (v5.10)
 */
function compute_score(
	sk: udp_sock,
	net: net,
	saddr: __be32,
	sport: __be16,
	daddr: __be32,
	hnum: number,
	dif: number,
	sdif: number,
): number {
	if (sk.sk_net !== net || sk.udp_port_hash !== hnum || ipv6_only_sock(sk)) return -1;
	if (sk.sk_rcv_saddr !== daddr) return -1;
	let score = sk.sk_family === AF_INET ? 2 : 1;
	if (sk.inet_daddr !== 0) {
		if (sk.inet_daddr !== saddr) return -1;
		score += 4;
	}
	if (sk.inet_dport !== 0) {
		if (sk.inet_dport !== sport) return -1;
		score += 4;
	}
	if (!udp_sk_bound_dev_eq(net, sk.sk_bound_dev_if, dif, sdif)) return -1;
	score += 4;
	if (sk.sk_incoming_cpu === 0) score++;
	return score;
}

/**
 * Finds the best socket of a slot.
 * @kernel net/ipv4/udp.c:429 (v5.10)
 */
function udp4_lib_lookup2(
	net: net,
	saddr: __be32,
	sport: __be16,
	daddr: __be32,
	hnum: number,
	dif: number,
	sdif: number,
	hslot2: udp_hslot2,
): udp_sock | null {
	let result: udp_sock | null = null;
	let badness = 0;
	for (let n = hslot2.head.first; n !== null; n = n.next) {
		const sk = n.item as udp_sock;
		const score = compute_score(sk, net, saddr, sport, daddr, hnum, dif, sdif);
		if (score > badness) {
			result = sk;
			badness = score;
		}
	}
	return result;
}

/**
 * Finds the socket of a packet.
 * @param dif interface it came in by, or its VRF
 * @param sdif enslaved interface, 0 for none
 * @returns borrowed, or null
 * @kernel net/ipv4/udp.c:484 (v5.10)
 */
export function __udp4_lib_lookup(
	net: net,
	saddr: __be32,
	sport: __be16,
	daddr: __be32,
	dport: __be16,
	dif: number,
	sdif: number,
	udptable: udp_table,
): udp_sock | null {
	const hnum = dport;
	let hash2 = ipv4_portaddr_hash(net, daddr, hnum);
	const result = udp4_lib_lookup2(
		net,
		saddr,
		sport,
		daddr,
		hnum,
		dif,
		sdif,
		udp_hashslot2(udptable, hash2),
	);
	if (result !== null) return result;
	hash2 = ipv4_portaddr_hash(net, 0, hnum);
	return udp4_lib_lookup2(
		net,
		saddr,
		sport,
		0 as __be32,
		hnum,
		dif,
		sdif,
		udp_hashslot2(udptable, hash2),
	);
}

/**
 * Finds the socket of a received packet.
 * @returns borrowed, or null
 * @kernel net/ipv4/udp.c:544 (v5.10)
 */
export function udp4_lib_lookup_skb(skb: sk_buff, sport: __be16, dport: __be16): udp_sock | null {
	return __udp4_lib_lookup(
		skb.dev!.nd_net,
		ip_saddr(skb),
		sport,
		ip_daddr(skb),
		dport,
		inet_iif(skb),
		inet_sdif(skb),
		udp_table_global.of(skb.machine),
	);
}

/**
 * Finds the socket of an address pair.
 * @returns referenced, or null
 * @kernel net/ipv4/udp.c:559 (v5.10)
 */
export function udp4_lib_lookup(
	net: net,
	saddr: __be32,
	sport: __be16,
	daddr: __be32,
	dport: __be16,
	dif: number,
): sock | null {
	const table = udp_table_global.of(net.machine);
	const sk = __udp4_lib_lookup(net, saddr, sport, daddr, dport, dif, 0, table);
	if (sk !== null) sock_hold(sk);
	return sk;
}

/**
 * Tells whether a socket takes a group or broadcast packet.
 * @param loc_port group's port
 * @param rmt_port sender's port
 * @kernel net/ipv4/udp.c:573 (v5.10)
 */
function __udp_is_mcast_sock(
	net: net,
	sk: udp_sock,
	loc_addr: __be32,
	rmt_port: __be16,
	rmt_addr: __be32,
	dif: number,
	sdif: number,
	hnum: number,
): boolean {
	if (
		sk.sk_net !== net ||
		sk.udp_port_hash !== hnum ||
		(sk.inet_daddr !== 0 && sk.inet_daddr !== rmt_addr) ||
		(sk.inet_dport !== rmt_port && sk.inet_dport !== 0) ||
		(sk.inet_rcv_saddr !== 0 && sk.inet_rcv_saddr !== loc_addr) ||
		ipv6_only_sock(sk) ||
		!udp_sk_bound_dev_eq(net, sk.sk_bound_dev_if, dif, sdif)
	)
		return false;
	/* ip_mc_sf_allow() of a socket without memberships */
	return !ipv4_is_multicast(loc_addr) || sk.mc_all;
}

/**
 * Notes that there are sockets that take encapsulated packets.
 * @kernel net/ipv4/udp.c:594 (v5.10)
 */
export function udp_encap_enable(m: Machine): void {
	udp_encap_ops.of(m).needed++;
}

/**
 * Tells the socket that sent the quoted packet of an ICMP error.
 * @param info MTU or gateway
 * @returns 0, or -ENOENT when there is no socket
 * @kernel net/ipv4/udp.c:689 (v5.10)
 */
export function __udp4_lib_err(skb: sk_buff, info: number, udptable: udp_table): number {
	const head = skb.head;
	const iph = skb.data;
	const uh = iph + ((head[iph] & 0xf) << 2);
	const type = head[skb.transport_header + ICMPHDR_type];
	const code = head[skb.transport_header + ICMPHDR_code];
	const net = skb.dev!.nd_net;
	const dest = get_unaligned_be16(head, uh + UDPHDR_dest);
	const sk = __udp4_lib_lookup(
		net,
		get_unaligned_be32(head, iph + IPHDR_daddr),
		dest,
		get_unaligned_be32(head, iph + IPHDR_saddr),
		get_unaligned_be16(head, uh + UDPHDR_source),
		skb.dev!.ifindex,
		inet_sdif(skb),
		udptable,
	);
	if (sk === null) {
		ICMP_INC_STATS(net, ICMP_MIB_INERRORS);
		return -ENOENT;
	}
	let err = 0;
	let harderr = false;
	switch (type) {
		default:
			err = EHOSTUNREACH;
			break;
		case ICMP_SOURCE_QUENCH:
			return 0;
		case ICMP_PARAMETERPROB:
			err = EPROTO;
			harderr = true;
			break;
		case ICMP_DEST_UNREACH:
			if (code === ICMP_FRAG_NEEDED) {
				ipv4_sk_update_pmtu(skb, sk, info);
				if (sk.pmtudisc !== IP_PMTUDISC_DONT) {
					err = EMSGSIZE;
					harderr = true;
					break;
				}
				return 0;
			}
			err = EHOSTUNREACH;
			if (code <= NR_ICMP_UNREACH) {
				harderr = icmp_err_convert[code].fatal;
				err = icmp_err_convert[code].errno;
			}
			break;
		case ICMP_REDIRECT:
			ipv4_sk_redirect(skb, sk);
			return 0;
	}
	if (!sk.recverr) {
		if (!harderr || sk.sk_state !== TCP_ESTABLISHED) return 0;
	} else {
		ip_icmp_error(sk, skb, err, dest, info, uh + UDPHDR_LEN);
	}
	sk.sk_err = err;
	sk.sk_error_report(sk);
	return 0;
}

/**
 * Takes an ICMP error that quotes a UDP packet.
 * @kernel net/ipv4/udp.c:779 (v5.10)
 */
export function udp_err(skb: sk_buff, info: number): number {
	return __udp4_lib_err(skb, info, udp_table_global.of(skb.machine));
}

/**
 * Throws away what a socket is putting together.
 * @kernel net/ipv4/udp.c:787 (v5.10)
 */
export function udp_flush_pending_frames(sk: sock): void {
	const up = udp_sk(sk);
	if (up.pending !== 0) {
		up.len = 0;
		up.pending = 0;
		ip_flush_pending_frames(sk);
	}
}

/**
 * Leaves the checksum of a datagram to the device, or sums it when it is a list of fragments.
 * @param src network order
 * @param dst network order
 * @kernel net/ipv4/udp.c:806 (v5.10)
 */
export function udp4_hwcsum(skb: sk_buff, src: __be32, dst: __be32): void {
	const head = skb.head;
	const uh = skb.transport_header;
	const offset = skb_transport_offset(skb);
	const len = skb.len - offset;
	if (skb.shinfo.frag_list === null) {
		skb.csum_start = uh;
		skb.csum_offset = UDPHDR_check;
		put_unaligned_be16(
			~csum_tcpudp_magic(src, dst, len, IPPROTO_UDP, 0),
			head,
			uh + UDPHDR_check,
		);
		return;
	}
	let hlen = len;
	let csum = 0;
	for (let f: sk_buff | null = skb.shinfo.frag_list; f !== null; f = f.next) {
		csum = csum_add(csum, f.csum);
		hlen -= f.len;
	}
	csum = skb_checksum(skb, offset, hlen, csum);
	skb.ip_summed = CHECKSUM_NONE;
	const check = csum_tcpudp_magic(src, dst, len, IPPROTO_UDP, csum);
	put_unaligned_be16(check === 0 ? CSUM_MANGLED_0 : check, head, uh + UDPHDR_check);
}

/**
 * Gives a packet that is encapsulated its UDP checksum, or leaves it to the device.
 * @param nocheck no checksum
 * @param len UDP header and payload, bytes
 * @kernel net/ipv4/udp.c:848 (v5.10)
 */
export function udp_set_csum(
	nocheck: boolean,
	skb: sk_buff,
	saddr: __be32,
	daddr: __be32,
	len: number,
): void {
	const uh = skb.transport_header;
	const at = uh + UDPHDR_check;
	if (nocheck) {
		put_unaligned_be16(0, skb.head, at);
	} else if (skb_is_gso(skb)) {
		put_unaligned_be16(~udp_v4_check(len, saddr, daddr, 0), skb.head, at);
	} else if (skb.ip_summed === CHECKSUM_PARTIAL) {
		put_unaligned_be16(0, skb.head, at);
		const check = udp_v4_check(len, saddr, daddr, lco_csum(skb));
		put_unaligned_be16(check === 0 ? CSUM_MANGLED_0 : check, skb.head, at);
	} else {
		skb.ip_summed = CHECKSUM_PARTIAL;
		skb.csum_start = uh;
		skb.csum_offset = UDPHDR_check;
		put_unaligned_be16(~udp_v4_check(len, saddr, daddr, 0), skb.head, at);
	}
}

/**
 * Sum of an outer packet whose inner checksum the device will complete.
 * @kernel PORT: include/linux/skbuff.h lco_csum
 */
function lco_csum(skb: sk_buff): number {
	const l4_hdr = skb.transport_header;
	const partial = ~get_unaligned_be16(skb.head, skb.csum_start + skb.csum_offset) & 0xffff;
	return csum_partial(skb.head, l4_hdr, skb.csum_start - l4_hdr, partial);
}

/**
 * Completes the UDP header of a datagram and sends it.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/udp.c:871 (v5.10)
 */
function udp_send_skb(skb: sk_buff, fl4: flowi4): number {
	const sk = skb.sk!;
	const inet = inet_sk(sk);
	const head = skb.head;
	const uh = skb.transport_header;
	const len = skb.len - skb_transport_offset(skb);
	put_unaligned_be16(inet.inet_sport, head, uh + UDPHDR_source);
	put_unaligned_be16(fl4.fl4_dport, head, uh + UDPHDR_dest);
	put_unaligned_be16(len, head, uh + UDPHDR_len);
	put_unaligned_be16(0, head, uh + UDPHDR_check);
	if (sk.sk_no_check_tx) {
		skb.ip_summed = CHECKSUM_NONE;
	} else if (skb.ip_summed === CHECKSUM_PARTIAL) {
		udp4_hwcsum(skb, fl4.saddr, fl4.daddr);
	} else {
		const csum = udp_csum(skb);
		const check = csum_tcpudp_magic(fl4.saddr, fl4.daddr, len, sk.sk_protocol, csum);
		put_unaligned_be16(check === 0 ? CSUM_MANGLED_0 : check, head, uh + UDPHDR_check);
	}
	const net = sock_net(sk);
	const err = ip_send_skb(net, skb);
	if (err === 0) {
		UDP_INC_STATS(net, UDP_MIB_OUTDATAGRAMS);
	} else if (err === -ENOBUFS && !inet.recverr) {
		UDP_INC_STATS(net, UDP_MIB_SNDBUFERRORS);
		return 0;
	}
	return err;
}

/**
 * Sends the datagram that a socket puts together.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/udp.c:964 (v5.10)
 */
export function udp_push_pending_frames(sk: sock): number {
	const up = udp_sk(sk);
	const fl4 = inet_sk(sk).cork.fl4;
	const skb = ip_finish_skb(sk, fl4);
	const err = skb === null ? 0 : udp_send_skb(skb, fl4);
	up.len = 0;
	up.pending = 0;
	return err;
}

/**
 * Tells whether a message carries ancillary data.
 * @kernel PORT: msg_controllen != 0
 */
export function msg_has_control(msg: msghdr): boolean {
	return (
		msg.ttl !== null ||
		msg.tos !== null ||
		msg.pktinfo !== null ||
		msg.options !== null ||
		msg.mark !== null ||
		msg.hoplimit !== null ||
		msg.tclass !== null ||
		msg.pktinfo6 !== null ||
		msg.flowinfo !== null ||
		msg.dontfrag !== null ||
		msg.hopopts !== null ||
		msg.dstopts !== null ||
		msg.rthdr !== null
	);
}

/**
 * Sends a datagram, or a piece of one.
 * @param len bytes
 * @returns bytes or a negative errno
 * @kernel net/ipv4/udp.c:1022 (v5.10)
 */
export function udp_sendmsg(sk: sock, msg: msghdr, len: number): number {
	const inet = inet_sk(sk);
	const up = udp_sk(sk);
	const net = sock_net(sk);
	const scratch = send_scratch.of(net.machine);
	const { ipc, rtp } = scratch;
	const corkreq = up.corkflag || (msg.flags & MSG_MORE) !== 0;
	let ulen = len;
	if (len > 0xffff) return -EMSGSIZE;
	if ((msg.flags & MSG_OOB) !== 0) return -EOPNOTSUPP;
	let fl4 = inet.cork.fl4;
	if (up.pending !== 0) {
		lock_sock(sk);
		if (up.pending !== 0) {
			if (up.pending !== AF_INET) {
				release_sock(sk);
				return -EINVAL;
			}
			const err = udp_append(sk, msg, ulen, fl4, ipc, rtp, corkreq);
			release_sock(sk);
			return udp_sent(sk, err, len);
		}
		release_sock(sk);
	}
	ulen += UDPHDR_LEN;

	let daddr: __be32;
	let dport: __be16;
	let connected = false;
	if (msg.name !== null) {
		if (msg.name.family !== AF_INET)
			return msg.name.family === AF_UNSPEC ? -EINVAL : -EAFNOSUPPORT;
		daddr = (msg.name.addr >>> 0) as __be32;
		dport = htons(msg.name.port);
		if (dport === 0) return -EINVAL;
	} else {
		if (sk.sk_state !== TCP_ESTABLISHED) return -EDESTADDRREQ;
		daddr = inet.inet_daddr;
		dport = inet.inet_dport;
		/* Only a connected socket may use its cached route. */
		connected = true;
	}
	ipcm_init_sk(ipc, inet);
	if (msg_has_control(msg)) {
		const err = ip_cmsg_send(sk, msg, ipc, sk.sk_family === AF_INET6);
		if (err < 0) return err;
		connected = false;
	}
	if (ipc.opt === null) ipc.opt = inet.inet_opt;
	let saddr = ipc.addr;
	let faddr = daddr;
	ipc.addr = daddr;
	if (ipc.opt !== null && ipc.opt.opt.srr !== 0) {
		if (daddr === 0) return udp_sent(sk, -EINVAL, len);
		faddr = ipc.opt.opt.faddr;
		connected = false;
	}
	let tos = get_rttos(ipc, inet);
	if (
		sock_flag(sk, SOCK_LOCALROUTE) ||
		(msg.flags & MSG_DONTROUTE) !== 0 ||
		(ipc.opt !== null && ipc.opt.opt.is_strictroute)
	) {
		tos |= RTO_ONLINK;
		connected = false;
	}
	if (ipv4_is_multicast(daddr)) {
		if (ipc.oif === 0 || netif_index_is_l3_master(net, ipc.oif))
			ipc.oif = inet.mc_index;
		if (saddr === 0) saddr = inet.mc_addr;
		connected = false;
	} else if (ipc.oif === 0) {
		ipc.oif = inet.uc_index;
	} else if (ipv4_is_lbcast(daddr) && inet.uc_index !== 0) {
		if (
			ipc.oif !== inet.uc_index &&
			ipc.oif === l3mdev_master_ifindex_by_index(net, inet.uc_index)
		)
			ipc.oif = inet.uc_index;
	}

	let err = 0;
	out: {
		let rt: rtable | null = connected ? (sk_dst_check(sk, 0) as rtable | null) : null;
		if (rt === null) {
			fl4 = scratch.fl4;
			flowi4_init_output(
				fl4,
				ipc.oif,
				ipc.sockc.mark,
				tos,
				RT_SCOPE_UNIVERSE,
				sk.sk_protocol,
				inet_sk_flowi_flags(sk),
				faddr,
				saddr,
				dport,
				inet.inet_sport,
				sk.sk_uid,
			);
			const r = ip_route_output_flow(net, fl4, sk);
			if (IS_ERR(r)) {
				err = r;
				if (err === -ENETUNREACH)
					IP_INC_STATS(net, IPSTATS_MIB_OUTNOROUTES);
				break out;
			}
			rt = r;
			rtp.rt = rt;
			err = -EACCES;
			if ((rt.rt_flags & RTCF_BROADCAST) !== 0 && !sock_flag(sk, SOCK_BROADCAST))
				break out;
			if (connected) {
				dst_hold(rt);
				sk_dst_set(sk, rt);
			}
		}
		rtp.rt = rt;
		if ((msg.flags & MSG_CONFIRM) !== 0 && (msg.flags & MSG_PROBE) !== 0) {
			dst_confirm_neigh(rt, fl4.daddr);
			if (len === 0) {
				err = 0;
				break out;
			}
		}
		saddr = fl4.saddr;
		if (ipc.addr === 0) daddr = ipc.addr = fl4.daddr;
		if (!corkreq) {
			const skb = ip_make_skb(
				sk,
				fl4,
				ip_generic_getfrag,
				msg,
				ulen,
				UDPHDR_LEN,
				ipc,
				rtp,
				scratch.cork,
				msg.flags,
			);
			if (IS_ERR(skb)) err = skb;
			else err = skb === null ? 0 : udp_send_skb(skb, fl4);
			break out;
		}
		lock_sock(sk);
		if (up.pending !== 0) {
			release_sock(sk);
			err = -EINVAL;
			break out;
		}
		/* What is corked keeps its flow in the socket. */
		fl4 = inet.cork.fl4;
		fl4.daddr = daddr;
		fl4.saddr = saddr;
		fl4.fl4_dport = dport;
		fl4.fl4_sport = inet.inet_sport;
		up.pending = AF_INET;
		err = udp_append(sk, msg, ulen, fl4, ipc, rtp, corkreq);
		release_sock(sk);
	}
	if (rtp.rt !== null) ip_rt_put(rtp.rt);
	rtp.rt = null;
	return udp_sent(sk, err, len);
}

/**
 * Ends a send; one without room is counted.
 * @param err 0 or a negative errno
 * @param len bytes
 * @returns bytes or the errno
 * @kernel PORT: label out_free of udp_sendmsg()
 */
function udp_sent(sk: sock, err: number, len: number): number {
	if (err === 0) return len;
	if (err === -ENOBUFS || (sk.sk_socket!.flags & (1 << SOCK_NOSPACE)) !== 0)
		UDP_INC_STATS(sock_net(sk), UDP_MIB_SNDBUFERRORS);
	return err;
}

/**
 * Appends a piece to the datagram that an owned socket puts together.
 * @param ulen bytes
 * @returns 0 or a negative errno
 * @kernel PORT: label do_append_data of udp_sendmsg()
 */
function udp_append(
	sk: sock,
	msg: msghdr,
	ulen: number,
	fl4: flowi4,
	ipc: ipcm_cookie,
	rtp: rtable_ref,
	corkreq: boolean,
): number {
	const up = udp_sk(sk);
	up.len += ulen;
	let err = ip_append_data(
		sk,
		fl4,
		ip_generic_getfrag,
		msg,
		ulen,
		UDPHDR_LEN,
		ipc,
		rtp,
		corkreq ? msg.flags | MSG_MORE : msg.flags,
	);
	if (err !== 0) udp_flush_pending_frames(sk);
	else if (!corkreq) err = udp_push_pending_frames(sk);
	else if (sk.sk_write_queue.qlen === 0) up.pending = 0;
	return err;
}

/**
 * Notes on a packet what it costs, and lets go of what it does not need in the queue.
 * @kernel net/ipv4/udp.c:1378 (v5.10)
 */
function udp_set_dev_scratch(skb: sk_buff): void {
	skb.cb1 = skb.truesize;
	if (skb.sp !== null && skb.sp.xvec.length === 0) skb_ext_reset(skb);
}

/**
 * Gives the cost of packets that were read back, a quarter of the buffer at a time.
 * @param size bytes of truesize
 * @param partial true while the socket is in use
 * @kernel net/ipv4/udp.c:1418 (v5.10)
 */
function udp_rmem_release(sk: sock, size: number, partial: boolean): void {
	const up = udp_sk(sk);
	if (partial) {
		up.forward_deficit += size;
		size = up.forward_deficit;
		if (size < sk.sk_rcvbuf >> 2 && up.reader_queue.qlen !== 0) return;
	} else {
		size += up.forward_deficit;
	}
	up.forward_deficit = 0;
	sk.sk_forward_alloc += size;
	const amt = (sk.sk_forward_alloc - (partial ? 1 : 0)) & ~(SK_MEM_QUANTUM - 1);
	sk.sk_forward_alloc -= amt;
	if (amt !== 0) __sk_mem_reduce_allocated(sk, amt >> SK_MEM_QUANTUM_SHIFT);
	sk.sk_rmem_alloc -= size;
	skb_queue_splice_tail_init(sk.sk_receive_queue, up.reader_queue);
}

/**
 * Gives the cost of a packet that was read back.
 * @kernel net/ipv4/udp.c:1465 (v5.10)
 */
export function udp_skb_destructor(sk: sock, skb: sk_buff): void {
	udp_rmem_release(sk, skb.cb1, true);
}

/**
 * Makes a packet of fragments one of linear data when that is smaller.
 * @kernel PORT: net/core/skbuff.c skb_condense
 */
function skb_condense(skb: sk_buff): void {
	if (skb.data_len !== 0) {
		if (skb.data_len > skb.end - skb.tail || skb_cloned(skb)) return;
		__pskb_pull_tail(skb, skb.data_len);
	}
	skb.truesize = SKB_TRUESIZE(skb.end);
}

/**
 * Queues a received packet unless the receive buffer is full.
 * @returns 0, -ENOMEM, or -ENOBUFS when UDP's memory is used up; the caller frees
 * @kernel net/ipv4/udp.c:1504 (v5.10)
 */
export function __udp_enqueue_schedule_skb(sk: sock, skb: sk_buff): number {
	let rmem = sk.sk_rmem_alloc;
	if (rmem > sk.sk_rcvbuf) {
		sk.sk_drops++;
		return -ENOMEM;
	}
	/* Under pressure, keep packets small. */
	if (rmem > sk.sk_rcvbuf >> 1) skb_condense(skb);
	const size = skb.truesize;
	udp_set_dev_scratch(skb);
	sk.sk_rmem_alloc += size;
	rmem = sk.sk_rmem_alloc;
	if (rmem > size + sk.sk_rcvbuf) {
		sk.sk_rmem_alloc -= size;
		sk.sk_drops++;
		return -ENOMEM;
	}
	if (size >= sk.sk_forward_alloc) {
		const amt = sk_mem_pages(size);
		const delta = amt << SK_MEM_QUANTUM_SHIFT;
		if (__sk_mem_raise_allocated(sk, delta, amt, SK_MEM_RECV) === 0) {
			sk.sk_rmem_alloc -= size;
			sk.sk_drops++;
			return -ENOBUFS;
		}
		sk.sk_forward_alloc += delta;
	}
	sk.sk_forward_alloc -= size;
	sock_skb_set_dropcount(sk, skb);
	__skb_queue_tail(sk.sk_receive_queue, skb);
	if (!sock_flag(sk, SOCK_DEAD)) sk.sk_data_ready(sk);
	return 0;
}

/**
 * Ends a socket nobody holds any more.
 * @kernel net/ipv4/udp.c:1578 (v5.10)
 */
export function udp_destruct_sock(sk: sock): void {
	const up = udp_sk(sk);
	let total = 0;
	skb_queue_splice_tail_init(sk.sk_receive_queue, up.reader_queue);
	for (
		let skb = __skb_dequeue(up.reader_queue);
		skb !== null;
		skb = __skb_dequeue(up.reader_queue)
	) {
		total += skb.truesize;
		kfree_skb(skb);
	}
	udp_rmem_release(sk, total, false);
	inet_sock_destruct(sk);
}

/**
 * Readies a new socket.
 * @returns 0
 * @kernel net/ipv4/udp.c:1596 (v5.10)
 */
export function udp_init_sock(sk: sock): number {
	skb_queue_head_init(udp_sk(sk).reader_queue);
	sk.sk_destruct = udp_destruct_sock;
	return 0;
}

/**
 * Frees a packet that was read.
 * @param len bytes read, negative for a peek
 * @kernel net/ipv4/udp.c:1604 (v5.10)
 */
export function skb_consume_udp(sk: sock, skb: sk_buff, len: number): void {
	if (sk.sk_peek_off >= 0) {
		const slow = lock_sock_fast(sk);
		sk_peek_offset_bwd(sk, len);
		unlock_sock_fast(sk, slow);
	}
	consume_skb(skb);
}

/**
 * Finds the first packet with a right checksum, dropping the others.
 * @param total gets their truesize
 * @kernel net/ipv4/udp.c:1625 (v5.10)
 */
function __first_packet_length(
	sk: sock,
	rcvq: sk_buff_head,
	total: { size: number },
): sk_buff | null {
	for (let skb = skb_peek(rcvq); skb !== null; skb = skb_peek(rcvq)) {
		if (!udp_lib_checksum_complete(skb)) return skb;
		UDP_INC_STATS(sock_net(sk), UDP_MIB_CSUMERRORS);
		UDP_INC_STATS(sock_net(sk), UDP_MIB_INERRORS);
		sk.sk_drops++;
		__skb_unlink(skb, rcvq);
		total.size += skb.truesize;
		kfree_skb(skb);
	}
	return null;
}

/**
 * Length of the first packet that a receive would give.
 * @returns bytes, -1 when there is none
 * @kernel net/ipv4/udp.c:1656 (v5.10)
 */
function first_packet_length(sk: sock): number {
	const rcvq = udp_sk(sk).reader_queue;
	const sk_queue = sk.sk_receive_queue;
	const total = { size: 0 };
	let skb = __first_packet_length(sk, rcvq, total);
	if (skb === null && sk_queue.qlen !== 0) {
		skb_queue_splice_tail_init(sk_queue, rcvq);
		skb = __first_packet_length(sk, rcvq, total);
	}
	const res = skb !== null ? skb.len : -1;
	if (total.size !== 0) udp_rmem_release(sk, total.size, true);
	return res;
}

/**
 * Bytes that the next receive would give, for SIOCINQ.
 * @kernel PORT: case SIOCINQ of udp_ioctl()
 */
export function udp_inq(sk: sock): number {
	return Math.max(0, first_packet_length(sk));
}

/**
 * Takes a packet off a socket, from the reader's own queue first.
 * @param pos peek offset, in and out
 * @param err gets -EAGAIN when the program has to wait, 0 at end of file, or another errno
 * @returns the packet or null
 * @kernel net/ipv4/udp.c:1709 (v5.10)
 */
export function __skb_recv_udp(
	sk: sock,
	flags: number,
	noblock: boolean,
	pos: recv_off,
	err: errcode,
): sk_buff | null {
	const sk_queue = sk.sk_receive_queue;
	const queue = udp_sk(sk).reader_queue;
	if (noblock) flags |= MSG_DONTWAIT;
	const timeo = (flags & MSG_DONTWAIT) !== 0 ? 0 : sk.sk_rcvtimeo;
	do {
		const error = sock_error(sk);
		if (error !== 0) {
			err.err = error;
			return null;
		}
		err.err = -EAGAIN;
		let skb = __skb_try_recv_from_queue(queue, flags, pos);
		if (skb === null && sk_queue.qlen !== 0) {
			skb_queue_splice_tail_init(sk_queue, queue);
			skb = __skb_try_recv_from_queue(queue, flags, pos);
		}
		if (skb !== null) {
			if ((flags & MSG_PEEK) === 0) udp_skb_destructor(sk, skb);
			return skb;
		}
	} while (timeo !== 0 && __skb_wait_for_more_packets(sk, sk_queue, err, null) === 0);
	return null;
}

/** Where a receive stands; a receive does not begin within another. */
const recv_scratch = machine_var(() => ({
	pos: { off: 0, last: null },
	err: { err: 0 },
}));

/**
 * Receives a datagram.
 * @param len bytes of room
 * @returns bytes (the datagram's length with MSG_TRUNC) or a negative errno
 * @kernel net/ipv4/udp.c:1785 (v5.10)
 */
export function udp_recvmsg(
	sk: sock,
	msg: msghdr,
	len: number,
	noblock: boolean,
	flags: number,
): number {
	const inet = inet_sk(sk);
	const net = sock_net(sk);
	const peeking = (flags & MSG_PEEK) !== 0;
	const { pos, err: ec } = recv_scratch.of(sk.machine);
	if ((flags & MSG_ERRQUEUE) !== 0) return ip_recv_error(sk, msg, len);
	for (;;) {
		pos.off = sk_peek_offset(sk, flags);
		const skb = __skb_recv_udp(sk, flags, noblock, pos, ec);
		if (skb === null) return ec.err;
		const off = pos.off;
		const ulen = skb.len;
		let copied = len;
		if (copied > ulen - off) copied = ulen - off;
		else if (copied < ulen) msg.flags |= MSG_TRUNC;

		/* A checksum that is not checked while the whole is copied is checked first. */
		let err = 0;
		let checksum_valid = false;
		let bad = false;
		if (copied < ulen || peeking) {
			checksum_valid =
				skb_csum_unnecessary(skb) || __udp_lib_checksum_complete(skb) === 0;
			bad = !checksum_valid;
		}
		if (!bad) {
			if (checksum_valid || skb_csum_unnecessary(skb)) {
				err = skb_copy_datagram_msg(skb, off, msg, copied);
			} else {
				err = skb_copy_and_csum_datagram_msg(skb, off, msg);
				bad = err === -EINVAL;
			}
		}
		if (bad) {
			const dropped = __sk_queue_drop_skb(
				sk,
				udp_sk(sk).reader_queue,
				skb,
				flags,
				udp_skb_destructor,
			);
			if (dropped === 0) {
				UDP_INC_STATS(net, UDP_MIB_CSUMERRORS);
				UDP_INC_STATS(net, UDP_MIB_INERRORS);
			}
			kfree_skb(skb);
			msg.flags &= ~MSG_TRUNC;
			continue;
		}
		if (err !== 0) {
			if (!peeking) {
				sk.sk_drops++;
				UDP_INC_STATS(net, UDP_MIB_INERRORS);
			}
			kfree_skb(skb);
			return err;
		}
		if (!peeking) UDP_INC_STATS(net, UDP_MIB_INDATAGRAMS);
		sock_recv_ts_and_drops(msg, sk, skb);
		msg.name = {
			family: AF_INET,
			addr: ip_saddr(skb),
			port: get_unaligned_be16(skb.head, skb.transport_header + UDPHDR_source),
		};
		if (inet.cmsg_flags !== 0) ip_cmsg_recv_offset(msg, sk, skb, UDPHDR_LEN, off);
		err = (flags & MSG_TRUNC) !== 0 ? ulen : copied;
		skb_consume_udp(sk, skb, peeking ? -err : err);
		return err;
	}
}

/**
 * Dissolves the connection of an owned socket.
 * @returns 0
 * @kernel net/ipv4/udp.c:1907 (v5.10)
 */
export function __udp_disconnect(sk: sock, _flags: number): number {
	const inet = inet_sk(sk);
	sk.sk_state = TCP_CLOSE;
	inet.inet_daddr = 0 as __be32;
	inet.inet_dport = htons(0);
	sk.sk_bound_dev_if = 0;
	if ((sk.sk_userlocks & SOCK_BINDADDR_LOCK) === 0) {
		inet_reset_saddr(sk);
		if ((sk.sk_userlocks & SOCK_BINDPORT_LOCK) !== 0) sk.sk_prot.rehash?.(sk);
	}
	if ((sk.sk_userlocks & SOCK_BINDPORT_LOCK) === 0) {
		sk.sk_prot.unhash!(sk);
		inet.inet_sport = htons(0);
	}
	sk_dst_reset(sk);
	return 0;
}

/**
 * Dissolves the connection of a socket.
 * @returns 0
 * @kernel net/ipv4/udp.c:1935 (v5.10)
 */
export function udp_disconnect(sk: sock, flags: number): number {
	lock_sock(sk);
	__udp_disconnect(sk, flags);
	release_sock(sk);
	return 0;
}

/**
 * Takes a socket's port; it is not found any more.
 * @kernel net/ipv4/udp.c:1944 (v5.10)
 */
export function udp_lib_unhash(sk: sock): void {
	if (!sk_hashed(sk)) return;
	const up = udp_sk(sk);
	const udptable = sk.sk_prot.udp_table!.of(sk.machine);
	const hslot = udp_hashslot(udptable, sock_net(sk), up.udp_port_hash);
	const hslot2 = udp_hashslot2(udptable, up.udp_portaddr_hash);
	if (sk_del_node_init(sk)) {
		hslot.count--;
		inet_sk(sk).inet_num = 0;
		sock_prot_inuse_add(sock_net(sk), sk.sk_prot, -1);
		hlist_del_init(sk.sk_bind_node);
		hslot2.count--;
	}
}

/**
 * Lets a socket be found by its new address.
 * @param newhash of address and port
 * @kernel net/ipv4/udp.c:1975 (v5.10)
 */
export function udp_lib_rehash(sk: sock, newhash: number): void {
	if (!sk_hashed(sk)) return;
	const up = udp_sk(sk);
	const udptable = sk.sk_prot.udp_table!.of(sk.machine);
	newhash &= 0xffff;
	const hslot2 = udp_hashslot2(udptable, up.udp_portaddr_hash);
	const nhslot2 = udp_hashslot2(udptable, newhash);
	up.udp_portaddr_hash = newhash;
	if (hslot2 !== nhslot2) {
		hlist_del_init(sk.sk_bind_node);
		hslot2.count--;
		hlist_add_head(sk.sk_bind_node, nhslot2.head);
		nhslot2.count++;
	}
}

/**
 * Lets an IPv4 socket be found by its new address.
 * @kernel net/ipv4/udp.c:2013 (v5.10)
 */
export function udp_v4_rehash(sk: sock): void {
	const inet = inet_sk(sk);
	udp_lib_rehash(sk, ipv4_portaddr_hash(sock_net(sk), inet.inet_rcv_saddr, inet.inet_num));
}

/**
 * Queues a packet, or drops it.
 * @returns 0 or -1
 * @kernel net/ipv4/udp.c:2021 (v5.10)
 */
function __udp_queue_rcv_skb(sk: sock, skb: sk_buff): number {
	if (inet_sk(sk).inet_daddr !== 0) {
		sk.sk_rxhash = skb.hash;
		sk.sk_incoming_cpu = 0;
	}
	const rc = __udp_enqueue_schedule_skb(sk, skb);
	if (rc < 0) {
		if (rc === -ENOMEM) UDP_INC_STATS(sock_net(sk), UDP_MIB_RCVBUFERRORS);
		UDP_INC_STATS(sock_net(sk), UDP_MIB_INERRORS);
		kfree_skb(skb);
		return -1;
	}
	return 0;
}

/**
 * Gives a packet to a socket: policy, encapsulation, queue.
 * @returns >0: resubmit as that protocol; 0 or -1: done
 * @kernel net/ipv4/udp.c:2058 (v5.10)
 */
function udp_queue_rcv_one_skb(sk: sock, skb: sk_buff): number {
	const up = udp_sk(sk);
	drop: {
		if (!xfrm4_policy_check(sk, XFRM_POLICY_IN, skb)) break drop;
		nf_reset_ct(skb);
		if (up.encap_type !== 0 && up.encap_rcv !== null) {
			/* Encapsulated packets are checked before they are unpacked. */
			if (udp_lib_checksum_complete(skb)) {
				UDP_INC_STATS(sock_net(sk), UDP_MIB_CSUMERRORS);
				break drop;
			}
			const ret = up.encap_rcv(sk, skb);
			if (ret <= 0) {
				UDP_INC_STATS(sock_net(sk), UDP_MIB_INDATAGRAMS);
				return -ret;
			}
		}
		udp_csum_pull_header(skb);
		ipv4_pktinfo_prepare(sk, skb);
		return __udp_queue_rcv_skb(sk, skb);
	}
	UDP_INC_STATS(sock_net(sk), UDP_MIB_INERRORS);
	sk.sk_drops++;
	kfree_skb(skb);
	return -1;
}

/**
 * Gives a packet to a socket.
 * @returns >0: resubmit as that protocol; 0 or -1: done
 * @kernel net/ipv4/udp.c:11 (v5.10) datagram is a GSO packet, see the header
 */
function udp_queue_rcv_skb(sk: sock, skb: sk_buff): number {
	return udp_queue_rcv_one_skb(sk, skb);
}

/**
 * Remembers the input route of a socket's packets for early demultiplexing.
 * @returns whether it changed
 * @kernel net/ipv4/udp.c:2184 (v5.10)
 */
export function udp_sk_rx_dst_set(sk: sock, dst: dst_entry): boolean {
	if (!dst_hold_safe(dst)) return false;
	const old = sk.sk_rx_dst;
	sk.sk_rx_dst = dst;
	dst_release(old);
	return old !== dst;
}

/**
 * Gives a socket a copy of a group or broadcast packet.
 * @kernel PORT: a step of __udp4_lib_mcast_deliver()
 */
function udp_mcast_copy(sk: sock, skb: sk_buff): void {
	const nskb = skb_clone(skb);
	if (udp_queue_rcv_skb(sk, nskb) > 0) consume_skb(nskb);
}

/**
 * Gives a copy of a group or broadcast packet to each socket that takes it.
 * @returns 0
 * @kernel net/ipv4/udp.c:2202 (v5.10)
 */
function __udp4_lib_mcast_deliver(
	net: net,
	skb: sk_buff,
	saddr: __be32,
	daddr: __be32,
	udptable: udp_table,
): number {
	const uh = skb.transport_header;
	const hnum = get_unaligned_be16(skb.head, uh + UDPHDR_dest);
	const sport = get_unaligned_be16(skb.head, uh + UDPHDR_source);
	const dif = skb.dev!.ifindex;
	const sdif = inet_sdif(skb);
	const hslot = udp_hashslot(udptable, net, hnum);
	const use_hash2 = hslot.count > 10;
	let first: sock | null = null;
	if (use_hash2) {
		const hash2_any = (ipv4_portaddr_hash(net, 0, hnum) & udptable.mask) >>> 0;
		let hash2 = (ipv4_portaddr_hash(net, daddr, hnum) & udptable.mask) >>> 0;
		for (;;) {
			let n = udptable.hash2[hash2].head.first;
			for (; n !== null; n = n.next) {
				const sk = n.item as udp_sock;
				if (
					!__udp_is_mcast_sock(
						net,
						sk,
						daddr,
						sport,
						saddr,
						dif,
						sdif,
						hnum,
					)
				)
					continue;
				if (first === null) first = sk;
				else udp_mcast_copy(sk, skb);
			}
			if (hash2 === hash2_any) break;
			hash2 = hash2_any;
		}
	} else {
		for (let n = hslot.head.first; n !== null; n = n.hnnode_next) {
			const sk = n as udp_sock;
			if (!__udp_is_mcast_sock(net, sk, daddr, sport, saddr, dif, sdif, hnum))
				continue;
			if (first === null) first = sk;
			else udp_mcast_copy(sk, skb);
		}
	}
	if (first !== null) {
		if (udp_queue_rcv_skb(first, skb) > 0) consume_skb(skb);
	} else {
		kfree_skb(skb);
		UDP_INC_STATS(net, UDP_MIB_IGNOREDMULTI);
	}
	return 0;
}

/**
 * Checks the checksum of a received packet, or readies it to be checked later.
 * @returns 0, nonzero when it is wrong
 * @kernel net/ipv4/udp.c:2272 (v5.10)
 */
function udp4_csum_init(skb: sk_buff, check: number): number {
	skb.cb0 = skb.len;
	const err = __skb_checksum_validate(
		skb,
		IPPROTO_UDP,
		false,
		true,
		check,
		inet_compute_pseudo,
	);
	if (err !== 0) return err;
	if (skb.ip_summed === CHECKSUM_COMPLETE && !skb.csum_valid) {
		/* The sum was made in software already, and it is wrong. */
		if (skb.csum_complete_sw) return 1;
		skb.ip_summed = CHECKSUM_NONE;
	}
	return 0;
}

/**
 * Gives a packet to its socket.
 * @returns 0, or negative to resubmit as that protocol
 * @kernel net/ipv4/udp.c:2317 (v5.10)
 */
function udp_unicast_rcv_skb(sk: sock, skb: sk_buff): number {
	if (
		inet_get_convert_csum(sk) &&
		get_unaligned_be16(skb.head, skb.transport_header + UDPHDR_check) !== 0
	)
		skb_checksum_try_convert(skb, inet_compute_pseudo(skb, IPPROTO_UDP));
	const ret = udp_queue_rcv_skb(sk, skb);
	return ret > 0 ? -ret : 0;
}

/** Whether a stolen socket is referenced. */
const steal_scratch = machine_var(() => ({ val: false }));

/**
 * Takes a UDP packet, data at its header.
 * @returns 0, or negative to resubmit as that protocol
 * @kernel net/ipv4/udp.c:2339 (v5.10)
 */
export function __udp4_lib_rcv(skb: sk_buff, udptable: udp_table): number {
	const rt = skb._dst as rtable;
	const net = skb.dev!.nd_net;
	drop: {
		if (!pskb_may_pull(skb, UDPHDR_LEN)) break drop;
		const ulen: number = get_unaligned_be16(
			skb.head,
			skb.transport_header + UDPHDR_len,
		);
		const saddr = ip_saddr(skb);
		const daddr = ip_daddr(skb);
		if (ulen > skb.len) break drop;
		if (ulen < UDPHDR_LEN || pskb_trim_rcsum(skb, ulen) !== 0) break drop;
		const uh = skb.transport_header;
		if (udp4_csum_init(skb, get_unaligned_be16(skb.head, uh + UDPHDR_check)) !== 0) {
			UDP_INC_STATS(net, UDP_MIB_CSUMERRORS);
			break drop;
		}
		const refcounted = steal_scratch.of(skb.machine);
		const stolen = skb_steal_sock(skb, refcounted);
		if (stolen !== null) {
			const put = refcounted.val;
			if (stolen.sk_rx_dst !== rt) udp_sk_rx_dst_set(stolen, rt);
			const ret = udp_unicast_rcv_skb(stolen, skb);
			if (put) sock_put(stolen);
			return ret;
		}
		if ((rt.rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0)
			return __udp4_lib_mcast_deliver(net, skb, saddr, daddr, udptable);
		const sk = __udp4_lib_lookup(
			net,
			saddr,
			get_unaligned_be16(skb.head, uh + UDPHDR_source),
			daddr,
			get_unaligned_be16(skb.head, uh + UDPHDR_dest),
			inet_iif(skb),
			inet_sdif(skb),
			udptable,
		);
		if (sk !== null) return udp_unicast_rcv_skb(sk, skb);
		if (!xfrm4_policy_check(null, XFRM_POLICY_IN, skb)) break drop;
		nf_reset_ct(skb);
		/* No socket: answer, but only a packet that is whole. */
		if (udp_lib_checksum_complete(skb)) {
			UDP_INC_STATS(net, UDP_MIB_CSUMERRORS);
			break drop;
		}
		UDP_INC_STATS(net, UDP_MIB_NOPORTS);
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
		kfree_skb(skb);
		return 0;
	}
	UDP_INC_STATS(net, UDP_MIB_INERRORS);
	kfree_skb(skb);
	return 0;
}

/**
 * Finds the connected socket of a packet that is not routed yet.
 * @returns borrowed, or null
 * @kernel net/ipv4/udp.c:2472 (v5.10)
 */
function __udp4_lib_demux_lookup(
	net: net,
	loc_port: __be16,
	loc_addr: __be32,
	rmt_port: __be16,
	rmt_addr: __be32,
	dif: number,
	sdif: number,
): udp_sock | null {
	const hash2 = ipv4_portaddr_hash(net, loc_addr, loc_port);
	const hslot2 = udp_hashslot2(udp_table_global.of(net.machine), hash2);
	/* Only the first of the slot is looked at. */
	const n = hslot2.head.first;
	if (n === null) return null;
	const sk = n.item as udp_sock;
	return sk.sk_net === net &&
		sk.sk_dport === rmt_port &&
		sk.sk_num === loc_port &&
		sk.sk_daddr === rmt_addr &&
		sk.sk_rcv_saddr === loc_addr &&
		(sk.sk_bound_dev_if === dif || sk.sk_bound_dev_if === sdif)
		? sk
		: null;
}

/**
 * Finds the socket, and with it the route, of a packet before it is routed.
 * @returns 0
 * @kernel net/ipv4/udp.c:2495 (v5.10)
 */
export function udp_v4_early_demux(skb: sk_buff): number {
	const dev = skb.dev!;
	if (!pskb_may_pull(skb, skb_transport_offset(skb) + UDPHDR_LEN)) return 0;
	if (skb.pkt_type !== PACKET_HOST) return 0;
	const uh = skb.transport_header;
	const sk = __udp4_lib_demux_lookup(
		dev.nd_net,
		skb.view.getUint16(uh + UDPHDR_dest) as __be16,
		ip_daddr(skb),
		skb.view.getUint16(uh + UDPHDR_source) as __be16,
		ip_saddr(skb),
		dev.ifindex,
		inet_sdif(skb),
	);
	if (sk === null || sk.sk_refcnt === 0) return 0;
	sock_hold(sk);
	skb.sk = sk;
	skb.destructor = sock_efree;
	const dst = sk.sk_rx_dst === null ? null : dst_check(sk.sk_rx_dst, 0);
	if (dst !== null) skb_dst_set_noref(skb, dst);
	return 0;
}

/**
 * Takes a UDP packet, data at its header.
 * @kernel net/ipv4/udp.c:2563 (v5.10)
 */
export function udp_rcv(skb: sk_buff): number {
	return __udp4_lib_rcv(skb, udp_table_global.of(skb.machine));
}

/**
 * Throws away what a closed socket was putting together.
 * @kernel net/ipv4/udp.c:2568 (v5.10)
 */
export function udp_destroy_sock(sk: sock): void {
	const up = udp_sk(sk);
	const slow = lock_sock_fast(sk);
	udp_flush_pending_frames(sk);
	unlock_sock_fast(sk, slow);
	if (up.encap_type !== 0) up.encap_destroy?.(sk);
	if (up.encap_enabled) udp_encap_ops.of(sk.machine).needed--;
}

/**
 * Lets a socket take encapsulated packets.
 * @kernel PORT: include/net/udp_tunnel.h udp_tunnel_encap_enable
 */
export function udp_tunnel_encap_enable(sk: sock): void {
	const up = udp_sk(sk);
	if (up.encap_enabled) return;
	up.encap_enabled = true;
	udp_encap_enable(sk.machine);
}

/**
 * setsockopt() at level SOL_UDP, of both families.
 * @param push_pending_frames of the family
 * @returns 0, -EINVAL, -ENOPROTOOPT
 * @kernel net/ipv4/udp.c:2589 (v5.10)
 */
export function udp_lib_setsockopt(
	sk: sock,
	_level: number,
	optname: number,
	optval: sockopt_value,
	push_pending_frames: (sk: sock) => number,
): number {
	const up = udp_sk(sk);
	if (typeof optval !== 'number') return -EINVAL;
	const val = optval | 0;
	const ops = udp_encap_ops.of(sk.machine);
	switch (optname) {
		case UDP_CORK:
			if (val !== 0) {
				up.corkflag = true;
			} else {
				up.corkflag = false;
				lock_sock(sk);
				push_pending_frames(sk);
				release_sock(sk);
			}
			return 0;
		case UDP_ENCAP:
			switch (val) {
				case 0:
				case UDP_ENCAP_ESPINUDP:
				case UDP_ENCAP_ESPINUDP_NON_IKE:
					up.encap_rcv =
						sk.sk_family === AF_INET6
							? ops.xfrm6_udp_encap_rcv
							: ops.xfrm4_udp_encap_rcv;
					up.encap_type = val;
					lock_sock(sk);
					udp_tunnel_encap_enable(sk);
					release_sock(sk);
					return 0;
				default:
					return -ENOPROTOOPT;
			}
		case UDP_NO_CHECK6_TX:
			up.no_check6_tx = val !== 0;
			return 0;
		case UDP_NO_CHECK6_RX:
			up.no_check6_rx = val !== 0;
			return 0;
		default:
			return -ENOPROTOOPT;
	}
}

/**
 * setsockopt(): level SOL_UDP, else level SOL_IP.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/udp.c:2705 (v5.10)
 */
export function udp_setsockopt(
	sk: sock,
	level: number,
	optname: number,
	optval: sockopt_value,
): number {
	if (level === SOL_UDP)
		return udp_lib_setsockopt(sk, level, optname, optval, udp_push_pending_frames);
	return ip_setsockopt(sk, level, optname, optval);
}

/**
 * getsockopt() at level SOL_UDP, of both families.
 * @param res gets the value
 * @returns 0 or -ENOPROTOOPT
 * @kernel net/ipv4/udp.c:2715 (v5.10)
 */
export function udp_lib_getsockopt(
	sk: sock,
	_level: number,
	optname: number,
	res: sockopt_result,
): number {
	const up = udp_sk(sk);
	switch (optname) {
		case UDP_CORK:
			res.val = up.corkflag ? 1 : 0;
			return 0;
		case UDP_ENCAP:
			res.val = up.encap_type;
			return 0;
		case UDP_NO_CHECK6_TX:
			res.val = up.no_check6_tx ? 1 : 0;
			return 0;
		case UDP_NO_CHECK6_RX:
			res.val = up.no_check6_rx ? 1 : 0;
			return 0;
		default:
			return -ENOPROTOOPT;
	}
}

/**
 * getsockopt(): level SOL_UDP, else level SOL_IP.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/udp.c:2772 (v5.10)
 */
export function udp_getsockopt(
	sk: sock,
	level: number,
	optname: number,
	res: sockopt_result,
): number {
	if (level === SOL_UDP) return udp_lib_getsockopt(sk, level, optname, res);
	return ip_getsockopt(sk, level, optname, res);
}

/**
 * What a socket is ready for; packets with a wrong checksum do not count for a blocking reader.
 * @returns EPOLL* bits
 * @kernel net/ipv4/udp.c:2793 (v5.10)
 */
export function udp_poll(sock: socket): number {
	let mask = datagram_poll(sock);
	const sk = sock.sk!;
	if (udp_sk(sk).reader_queue.qlen !== 0) mask |= EPOLLIN | EPOLLRDNORM;
	if (
		(mask & EPOLLRDNORM) !== 0 &&
		!sock.nonblock &&
		(sk.sk_shutdown & RCV_SHUTDOWN) === 0 &&
		first_packet_length(sk) === -1
	)
		mask &= ~(EPOLLIN | EPOLLRDNORM);
	return mask;
}

/**
 * Ends a socket's connection with an error.
 * @param err positive errno
 * @returns 0
 * @kernel net/ipv4/udp.c:2811 (v5.10)
 */
export function udp_abort(sk: sock, err: number): number {
	lock_sock(sk);
	sk.sk_err = err;
	sk.sk_error_report(sk);
	__udp_disconnect(sk, 0);
	release_sock(sk);
	return 0;
}

/**
 * Least send buffer.
 * @kernel PORT: sysctl_wmem_offset of udp_prot
 */
function udp_sysctl_wmem(net: net): number {
	return net.ipv4.sysctl_udp_wmem_min;
}

/**
 * Least receive buffer.
 * @kernel PORT: sysctl_rmem_offset of udp_prot
 */
function udp_sysctl_rmem(net: net): number {
	return net.ipv4.sysctl_udp_rmem_min;
}

export const udp_prot: proto = {
	name: 'UDP',
	close: udp_lib_close,
	connect: ip4_datagram_connect,
	disconnect: udp_disconnect,
	init: udp_init_sock,
	destroy: udp_destroy_sock,
	setsockopt: udp_setsockopt,
	getsockopt: udp_getsockopt,
	sendmsg: udp_sendmsg,
	recvmsg: udp_recvmsg,
	release_cb: ip4_datagram_release_cb,
	hash: udp_lib_hash,
	unhash: udp_lib_unhash,
	rehash: udp_v4_rehash,
	get_port: udp_v4_get_port,
	memory_allocated: udp_memory_allocated,
	sysctl_mem: sysctl_udp_mem,
	sysctl_wmem: udp_sysctl_wmem,
	sysctl_rmem: udp_sysctl_rmem,
	max_header: 0,
	no_autobind: false,
	alloc: (net) => new udp_sock(net, udp_prot),
	udp_table: udp_table_global,
	diag_destroy: udp_abort,
};

const flow_hashrnd = machine_var((m) => ({ value: m.random_u32() }));

/**
 * A socket's line in /proc/net/udp, raw and icmp, without the end of the line.
 * PORT: no users and no inodes, and pointers are not told.
 * @param bucket where it is in its table
 * @param width of the bucket's number
 * @param rqueue bytes that wait to be read
 * @param destp foreign port, host order
 * @param srcp local port, host order
 * @kernel net/ipv4/udp.c:1399 (v5.10) by raw.c and ping.c, which differ in width
 */
export function udp4_format_sock(
	sp: sock,
	bucket: number,
	width: number,
	rqueue: number,
	srcp: number,
	destp: number,
): string {
	const inet = inet_sk(sp);
	const hex = (v: number, n: number): string => v.toString(16).toUpperCase().padStart(n, '0');
	/* An address is printed as the little-endian number that its bytes are. */
	const addr = (a: number): string =>
		hex(
			(((a & 0xff) << 24) |
				((a & 0xff00) << 8) |
				((a >>> 8) & 0xff00) |
				(a >>> 24)) >>>
				0,
			8,
		);
	return (
		`${String(bucket).padStart(width)}: ${addr(inet.inet_rcv_saddr)}:${hex(srcp, 4)}` +
		` ${addr(inet.inet_daddr)}:${hex(destp, 4)} ${hex(sp.sk_state, 2)}` +
		` ${hex(sk_wmem_alloc_get(sp), 8)}:${hex(rqueue, 8)} 00:00000000 00000000` +
		`     0        0 0 ${sp.sk_refcnt} 0000000000000000 ${sp.sk_drops}`
	);
}

/** Width that a line of /proc/net/udp is padded to, without its end. */
export const UDP_SEQ_WIDTH = 127;
export const UDP_SEQ_HEADER =
	'  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout ' +
	'inode ref pointer drops';

/**
 * The text of /proc/net/udp.
 * @kernel net/ipv4/udp.c:2987 (v5.10)
 */
export function udp4_seq_show(net: net): string {
	let text = UDP_SEQ_HEADER.padEnd(UDP_SEQ_WIDTH) + '\n';
	const table = udp_table_global.of(net.machine);
	for (let bucket = 0; bucket <= table.mask; bucket++)
		for (let n = table.hash[bucket].head.first; n !== null; n = n.hnnode_next) {
			if (n.sk_family !== AF_INET || n.sk_net !== net) continue;
			const sp = n as sock;
			const inet = inet_sk(sp);
			const line = udp4_format_sock(
				sp,
				bucket,
				5,
				udp_rqueue_get(sp),
				ntohs(inet.inet_sport),
				ntohs(inet.inet_dport),
			);
			text += line.padEnd(UDP_SEQ_WIDTH) + '\n';
		}
	return text;
}

/**
 * Makes a namespace's /proc/net/udp.
 * @returns 0
 * @kernel net/ipv4/udp.c:3077 (v5.10)
 */
function udp4_proc_init_net(net: net): number {
	proc_create_net(net, 'udp', () => udp4_seq_show(net));
	return 0;
}

/**
 * Removes it.
 * @kernel net/ipv4/udp.c:3085 (v5.10)
 */
function udp4_proc_exit_net(net: net): void {
	remove_proc_entry(net, 'udp');
}

/**
 * Shows UDP sockets in every namespace.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/udp.c:3095 (v5.10)
 */
export function udp4_proc_init(m: Machine): number {
	return register_pernet_subsys(m, { init: udp4_proc_init_net, exit: udp4_proc_exit_net });
}

/**
 * A number that hashes flows of packets without a hash of their own.
 * @kernel net/ipv4/udp.c:3151 (v5.10)
 */
export function udp_flow_hashrnd(m: Machine): number {
	return flow_hashrnd.of(m).value;
}

/**
 * Starts UDP on a machine. PORT: the settings udp_rmem_min and udp_wmem_min have their values in a new
 * namespace already.
 * @kernel net/ipv4/udp.c:3237 (v5.10)
 */
export function udp_init(m: Machine): void {
	udp_table_global.of(m);
}
