// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/core/sock.c, base v5.10: what all sockets share: life, locking, buffers, options, defaults.
 *
 * PORT: nothing sleeps. lock_sock() marks the socket as owned, so that packets which softirqs bring go
 * to the backlog until release_sock(); the call that would wait for memory answers -EAGAIN. Everyone is
 * root: capability checks hold. sk_clone_lock() copies fields by walking them, as memcpy does.
 * sock_recv_errqueue() is in net/core/datagram.ts, whose copying it needs.
 * Not ported: memory cgroups, socket filters and other BPF, reuseport groups, zero copy, busy polling,
 * time stamping of transmitted packets, /proc/net/protocols: nothing of this world uses them.
 */
import { call_rcu, HZ, type Machine, machine_var } from '../../include/linux/machine.ts';
import { hlist_node } from '../../include/linux/list.ts';
import {
	hlist_nulls_add_head,
	hlist_nulls_del,
	type hlist_nulls_head,
} from '../../include/linux/list_nulls.ts';
import {
	NETIF_F_GSO,
	NETIF_F_GSO_MASK,
	NETIF_F_GSO_SOFTWARE,
	NETIF_F_HW_CSUM,
	NETIF_F_SG,
} from '../../include/linux/netdev_features.ts';
import { alloc_pages, type page, page_ref_count, put_page } from '../../include/linux/mm.ts';
import { NET_RX_SUCCESS } from '../../include/linux/netdevice.ts';
import type { socket } from '../../include/linux/net.ts';
import { SOCK_NOSPACE } from '../../include/linux/net.ts';
import {
	CHECKSUM_NONE,
	__skb_queue_tail,
	__skb_unlink,
	sk_buff_head,
	skb_queue_head_init,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import {
	AF_INET,
	AF_INET6,
	copy_from_iter_full,
	MSG_DONTWAIT,
	MSG_PEEK,
	SO_ACCEPTCONN,
	SO_BINDTODEVICE,
	SO_BINDTOIFINDEX,
	SO_BROADCAST,
	SO_COOKIE,
	SO_DEBUG,
	SO_DOMAIN,
	SO_DONTROUTE,
	SO_ERROR,
	SO_INCOMING_CPU,
	SO_KEEPALIVE,
	SO_LINGER,
	SO_MARK,
	SO_MAX_PACING_RATE,
	SO_MEMINFO,
	SO_NO_CHECK,
	SO_OOBINLINE,
	SO_PEEK_OFF,
	SO_PEERNAME,
	SO_PRIORITY,
	SO_PROTOCOL,
	SO_RCVBUF,
	SO_RCVBUFFORCE,
	SO_RCVLOWAT,
	SO_RCVTIMEO,
	SO_REUSEADDR,
	SO_REUSEPORT,
	SO_RXQ_OVFL,
	SO_SELECT_ERR_QUEUE,
	SO_SNDBUF,
	SO_SNDBUFFORCE,
	SO_SNDLOWAT,
	SO_SNDTIMEO,
	SO_TIMESTAMP,
	SO_TIMESTAMPNS,
	SO_TYPE,
	SOCK_STREAM,
	msghdr,
	type sockaddr,
	type sockopt_result,
	type sockopt_value,
} from '../../include/linux/socket.ts';
import { del_timer, mod_timer, timer_list } from '../../include/linux/timer.ts';
import { wake_up } from '../../include/linux/wait.ts';
import { csum_block_add, csum_partial } from '../../include/net/checksum.ts';
import { type dst_entry, dst_release } from '../../include/net/dst.ts';
import { inet_sk } from '../../include/net/inet_sock.ts';
import { pernet_var, type net } from '../../include/net/net_namespace.ts';
import type { neighbour } from '../../include/net/neighbour.ts';
import {
	__sk_dst_get,
	__sock_put,
	MAX_SCHEDULE_TIMEOUT,
	PAGE_SIZE,
	proto_counter,
	SEND_SHUTDOWN,
	SK_CAN_REUSE,
	SK_DEFAULT_STAMP,
	SK_MEM_QUANTUM,
	SK_MEM_QUANTUM_SHIFT,
	SK_MEM_RECV,
	SK_MEM_SEND,
	SK_NO_REUSE,
	SK_PACING_NEEDED,
	SK_PACING_NONE,
	sk_dst_get,
	sk_fullsock,
	sk_has_account,
	sk_has_memory_pressure,
	sk_is_refcounted,
	sk_mem_charge,
	sk_mem_pages,
	sk_memory_allocated,
	sk_memory_allocated_add,
	sk_memory_allocated_sub,
	sk_prot_mem_limits,
	sk_rcvqueues_full,
	sk_rethink_txhash,
	sk_rmem_alloc_get,
	sk_set_socket,
	sk_sockets_allocated_inc,
	sk_sockets_allocated_read_positive,
	sk_stream_moderate_sndbuf,
	sk_tx_queue_clear,
	sk_under_memory_pressure,
	sk_wmem_alloc_get,
	sk_wmem_queued_add,
	skb_set_hash_from_sk,
	skwq_has_sleeper,
	SOCK_BINDPORT_LOCK,
	SOCK_BROADCAST,
	SOCK_DBG,
	SOCK_DEAD,
	SOCK_DONE,
	sock_error,
	sock_flag,
	sock_hold,
	SOCK_KEEPOPEN,
	SOCK_LINGER,
	SOCK_LOCALROUTE,
	SOCK_MIN_RCVBUF,
	SOCK_MIN_SNDBUF,
	sock_net,
	sock_orphan,
	SOCK_RCU_FREE,
	SOCK_RCVBUF_LOCK,
	SOCK_RCVTSTAMP,
	SOCK_RCVTSTAMPNS,
	sock_release_ownership,
	sock_reset_flag,
	SOCK_RXQ_OVFL,
	SOCK_SELECT_ERR_QUEUE,
	sock_set_flag,
	sock_skb_set_dropcount,
	SOCK_SNDBUF_LOCK,
	SOCK_TIMESTAMP,
	SOCK_URGINLINE,
	SOCK_USE_WRITE_QUEUE,
	sock_valbool_flag,
	SOCK_ZAPPED,
	sysctl_optmem_max,
	sysctl_rmem_default,
	sysctl_rmem_max,
	sysctl_wmem_default,
	sysctl_wmem_max,
	type page_frag,
	type proto,
	type sock,
	type sock_common,
	type sockcm_cookie,
} from '../../include/net/sock.ts';
import { TCP_CLOSE, TCP_LISTEN } from '../../include/net/tcp_states.ts';
import { xfrm_sk_clone_policy, xfrm_sk_free_policy } from '../../include/net/xfrm.ts';
import {
	EAGAIN,
	EDOM,
	EFAULT,
	EINVAL,
	ENOBUFS,
	ENODEV,
	ENOMEM,
	ENOPROTOOPT,
	ENOTCONN,
	EOPNOTSUPP,
	EPIPE,
} from '../../include/uapi/linux/errno.ts';
import { __dev_get_by_index, dev_get_by_name_rcu, net_gso_ok } from './dev.ts';
import {
	__kfree_skb,
	__skb_trim,
	alloc_skb,
	kfree_skb,
	skb_dequeue,
	skb_dst_force,
	skb_orphan,
	skb_put,
	SKB_TRUESIZE,
} from './skbuff.ts';
import { SKB_EXT_ERR } from '../../include/linux/errqueue.ts';
import { SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6 } from '../../include/uapi/linux/errqueue.ts';

/** sock_gen_put() of net/ipv4/inet_hashtables.ts, which sets it when it is initialised. */
export const sock_gen_put_hook = machine_var((): { fn: ((sk: sock_common) => void) | null } => ({
	fn: null,
}));

/** Sockets of each protocol in a namespace. */
const prot_inuse = pernet_var(() => new Map<proto, number>());

/** Last cookie given out. */
const cookie_gen = machine_var(() => new proto_counter());

/* inlines of include/net/sock.h: include/ does not import net/ */

/**
 * Takes a socket off its hash chain and drops the chain's reference.
 * @returns whether it was on one
 * @kernel include/net/sock.h:703 (v5.10)
 */
export function sk_del_node_init(sk: sock_common): boolean {
	const rc = __sk_del_node_init(sk);
	if (rc) {
		if (sk.sk_refcnt === 1)
			sk.machine.record(
				'WARN',
				'sk_del_node_init',
				'last reference was the hash table',
			);
		__sock_put(sk);
	}
	return rc;
}

/**
 * Takes a socket off its hash chain.
 * @returns whether it was on one
 * @kernel include/net/sock.h:674 (v5.10)
 */
export function __sk_del_node_init(sk: sock_common): boolean {
	if (sk.hnnode_head === null) return false;
	hlist_nulls_del(sk);
	return true;
}

/**
 * Takes a socket off its hash chain and drops the chain's reference.
 * @returns whether it was on one
 * @kernel include/net/sock.h:725 (v5.10)
 */
export function sk_nulls_del_node_init_rcu(sk: sock_common): boolean {
	return sk_del_node_init(sk);
}

/**
 * Puts a socket in front of a hash chain, which takes a reference.
 * @kernel include/net/sock.h:748 (v5.10)
 */
export function sk_add_node_rcu(sk: sock_common, list: hlist_nulls_head<sock_common>): void {
	sock_hold(sk);
	if (sk.sk_reuseport && sk.sk_family === AF_INET6) hlist_nulls_add_tail(sk, list);
	else hlist_nulls_add_head(sk, list);
}

/**
 * Puts a socket in front of a hash chain, which takes a reference.
 * @kernel include/net/sock.h:742 (v5.10)
 */
export function sk_add_node(sk: sock_common, list: hlist_nulls_head<sock_common>): void {
	sock_hold(sk);
	hlist_nulls_add_head(sk, list);
}

/**
 * Puts a socket behind the last of a chain.
 * @kernel PORT: include/linux/rculist.h hlist_add_tail_rcu on sk_node
 */
function hlist_nulls_add_tail(sk: sock_common, list: hlist_nulls_head<sock_common>): void {
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
 * Queues a packet to an owned socket's backlog.
 * @kernel include/net/sock.h:957 (v5.10)
 */
export function __sk_add_backlog(sk: sock, skb: sk_buff): void {
	skb_dst_force(skb);
	const b = sk.sk_backlog;
	if (b.tail === null) b.head = skb;
	else b.tail.next = skb;
	b.tail = skb;
	skb.next = null;
}

/**
 * Queues a packet to an owned socket's backlog unless it is full.
 * @param limit bytes of truesize
 * @returns 0 or -ENOBUFS
 * @kernel include/net/sock.h:984 (v5.10)
 */
export function sk_add_backlog(sk: sock, skb: sk_buff, limit: number): number {
	if (sk_rcvqueues_full(sk, limit)) return -ENOBUFS;
	__sk_add_backlog(sk, skb);
	sk.sk_backlog.len += skb.truesize;
	return 0;
}

/**
 * Hands a packet to the protocol.
 * @kernel include/net/sock.h:1005 (v5.10)
 */
export function sk_backlog_rcv(sk: sock, skb: sk_buff): number {
	return sk.sk_backlog_rcv(sk, skb);
}

/**
 * Works off the backlog in the middle of a system call.
 * @returns whether there was one
 * @kernel include/net/sock.h:1094 (v5.10)
 */
export function sk_flush_backlog(sk: sock): boolean {
	if (sk.sk_backlog.tail === null) return false;
	__sk_flush_backlog(sk);
	return true;
}

/**
 * Takes a system call's hold on the socket.
 * @kernel include/net/sock.h:1579 (v5.10)
 */
export function lock_sock(sk: sock): void {
	lock_sock_nested(sk);
}

/**
 * Gives back what lock_sock_fast() took.
 * @kernel include/net/sock.h:1603 (v5.10)
 */
export function unlock_sock_fast(sk: sock, slow: boolean): void {
	if (slow) release_sock(sk);
	else sk.machine.local_bh_enable();
}

/**
 * Drops a reference; the last one frees the socket.
 * @kernel include/net/sock.h:1776 (v5.10)
 */
export function sock_put(sk: sock): void {
	if (--sk.sk_refcnt === 0) sk_free(sk);
}

/**
 * Hands a received packet to a socket, or to its backlog.
 * @returns NET_RX_SUCCESS or what the protocol answers
 * @kernel include/net/sock.h:1788 (v5.10)
 */
export function sk_receive_skb(sk: sock, skb: sk_buff): number {
	return __sk_receive_skb(sk, skb, true);
}

/**
 * Reserves memory for a packet to send.
 * @kernel include/net/sock.h:1467 (v5.10)
 */
export function sk_wmem_schedule(sk: sock, size: number): boolean {
	if (!sk_has_account(sk)) return true;
	return size <= sk.sk_forward_alloc || __sk_mem_schedule(sk, size, SK_MEM_SEND) !== 0;
}

/**
 * Reserves memory for a received packet.
 * @kernel include/net/sock.h:1476 (v5.10)
 */
export function sk_rmem_schedule(sk: sock, _skb: sk_buff, size: number): boolean {
	if (!sk_has_account(sk)) return true;
	return size <= sk.sk_forward_alloc || __sk_mem_schedule(sk, size, SK_MEM_RECV) !== 0;
}

/**
 * Gives whole reserved pages back.
 * @kernel include/net/sock.h:1485 (v5.10)
 */
export function sk_mem_reclaim(sk: sock): void {
	if (!sk_has_account(sk)) return;
	if (sk.sk_forward_alloc >= SK_MEM_QUANTUM) __sk_mem_reclaim(sk, sk.sk_forward_alloc);
}

/**
 * Gives reserved pages back but for one.
 * @kernel include/net/sock.h:1493 (v5.10)
 */
export function sk_mem_reclaim_partial(sk: sock): void {
	if (!sk_has_account(sk)) return;
	if (sk.sk_forward_alloc > SK_MEM_QUANTUM) __sk_mem_reclaim(sk, sk.sk_forward_alloc - 1);
}

/**
 * Puts bytes back to what the socket has reserved.
 * @kernel include/net/sock.h:1508 (v5.10)
 */
export function sk_mem_uncharge(sk: sock, size: number): void {
	if (!sk_has_account(sk)) return;
	sk.sk_forward_alloc += size;
	if (sk.sk_forward_alloc >= 1 << 21) __sk_mem_reclaim(sk, 1 << 20);
}

/**
 * Frees a packet of the write queue.
 * @kernel include/net/sock.h:1526 (v5.10)
 */
export function sk_wmem_free_skb(sk: sock, skb: sk_buff): void {
	sk_wmem_queued_add(sk, -skb.truesize);
	sk_mem_uncharge(sk, skb.truesize);
	__kfree_skb(skb);
}

/**
 * Frees a packet of the receive queue.
 * @kernel include/net/sock.h:2515 (v5.10)
 */
export function sk_eat_skb(sk: sock, skb: sk_buff): void {
	__skb_unlink(skb, sk.sk_receive_queue);
	__kfree_skb(skb);
}

/**
 * Gives a received packet to a socket's account.
 * @kernel include/net/sock.h:2191 (v5.10)
 */
export function skb_set_owner_r(skb: sk_buff, sk: sock): void {
	skb_orphan(skb);
	skb.sk = sk;
	skb.destructor = sock_rfree;
	sk.sk_rmem_alloc += skb.truesize;
	sk_mem_charge(sk, skb.truesize);
}

/**
 * Replaces the cached destination, taking over the caller's reference; for an owned socket.
 * @kernel include/net/sock.h:1957 (v5.10)
 */
export function __sk_dst_set(sk: sock, dst: dst_entry | null): void {
	sk_tx_queue_clear(sk);
	sk.sk_dst_pending_confirm = false;
	const old_dst = sk.sk_dst_cache;
	sk.sk_dst_cache = dst;
	dst_release(old_dst);
}

/**
 * Replaces the cached destination, taking over the caller's reference.
 * @kernel include/net/sock.h:1970 (v5.10)
 */
export function sk_dst_set(sk: sock, dst: dst_entry | null): void {
	__sk_dst_set(sk, dst);
}

/**
 * Forgets the cached destination; for an owned socket.
 * @kernel include/net/sock.h:1981 (v5.10)
 */
export function __sk_dst_reset(sk: sock): void {
	__sk_dst_set(sk, null);
}

/**
 * Forgets the cached destination.
 * @kernel include/net/sock.h:1987 (v5.10)
 */
export function sk_dst_reset(sk: sock): void {
	sk_dst_set(sk, null);
}

/**
 * Tells the destination that it does not work and takes another, without a new flow hash.
 * @kernel include/net/sock.h:1935 (v5.10)
 */
export function __dst_negative_advice(sk: sock): void {
	const dst = __sk_dst_get(sk);
	if (dst === null || dst.ops.negative_advice === undefined) return;
	const ndst = dst.ops.negative_advice(dst);
	if (ndst !== dst) {
		sk.sk_dst_cache = ndst;
		sk_tx_queue_clear(sk);
		sk.sk_dst_pending_confirm = false;
	}
}

/**
 * Tells the destination that it does not work and takes another.
 * @kernel include/net/sock.h:1950 (v5.10)
 */
export function dst_negative_advice(sk: sock): void {
	sk_rethink_txhash(sk);
	__dst_negative_advice(sk);
}

/**
 * Confirms a neighbour when the packet says that the peer answers.
 * @kernel include/net/sock.h:2002 (v5.10)
 */
export function sock_confirm_neigh(skb: sk_buff, n: neighbour): void {
	if (!skb.dst_pending_confirm) return;
	n.confirmed = skb.machine.jiffies;
	if (skb.sk !== null && skb.sk.sk_dst_pending_confirm) skb.sk.sk_dst_pending_confirm = false;
}

/**
 * Tells whether the route takes the socket's GSO packets.
 * @kernel include/net/sock.h:2018 (v5.10)
 */
export function sk_can_gso(sk: sock): boolean {
	return net_gso_ok(sk.sk_route_caps, sk.sk_gso_type);
}

/**
 * Copies user data behind a packet's linear data, summing it when nobody else will.
 * @param to destination buffer
 * @param off where in it
 * @param copy bytes
 * @param offset bytes of the packet before, for the checksum
 * @returns 0 or -EFAULT
 * @kernel include/net/sock.h:2031 (v5.10)
 */
export function skb_do_copy_data_nocache(
	_sk: sock,
	skb: sk_buff,
	from: msghdr,
	to: Uint8Array,
	off: number,
	copy: number,
	offset: number,
): number {
	if (!copy_from_iter_full(to, off, copy, from)) return -EFAULT;
	if (skb.ip_summed === CHECKSUM_NONE)
		skb.csum = csum_block_add(skb.csum, csum_partial(to, off, copy, 0), offset);
	return 0;
}

/**
 * Appends user data to a packet's linear data.
 * @returns 0 or -EFAULT
 * @kernel include/net/sock.h:2049 (v5.10)
 */
export function skb_add_data_nocache(sk: sock, skb: sk_buff, from: msghdr, copy: number): number {
	const offset = skb.len;
	const at = skb_put(skb, copy);
	const err = skb_do_copy_data_nocache(sk, skb, from, skb.head, at, copy, offset);
	if (err !== 0) __skb_trim(skb, offset);
	return err;
}

/**
 * Copies user data into a page that becomes a fragment of a stream's packet.
 * @param off where in the page
 * @returns 0 or -EFAULT
 * @kernel include/net/sock.h:2062 (v5.10)
 */
export function skb_copy_to_page_nocache(
	sk: sock,
	from: msghdr,
	skb: sk_buff,
	page: page,
	off: number,
	copy: number,
): number {
	const err = skb_do_copy_data_nocache(sk, skb, from, page.data, off, copy, skb.len);
	if (err !== 0) return err;
	skb.len += copy;
	skb.data_len += copy;
	skb.truesize += copy;
	sk_wmem_queued_add(sk, copy);
	sk_mem_charge(sk, copy);
	return 0;
}

/**
 * Takes the socket that early demultiplexing put on a packet, with its reference.
 * @returns the socket or null; `refcounted.val` tells whether there is a reference to drop
 * @kernel include/net/sock.h:2570 (v5.10)
 */
export function skb_steal_sock(skb: sk_buff, refcounted: { val: boolean }): sock | null {
	const sk = skb.sk;
	if (sk === null) {
		refcounted.val = false;
		return null;
	}
	refcounted.val = skb.destructor === sock_pfree ? sk_is_refcounted(sk) : true;
	skb.destructor = null;
	skb.sk = null;
	return sk;
}

/**
 * Notes when a packet came, for SO_TIMESTAMP and the drop count for SO_RXQ_OVFL.
 * @kernel include/net/sock.h:2454 (v5.10)
 */
export function sock_recv_ts_and_drops(msg: msghdr, sk: sock, skb: sk_buff): void {
	if ((sk.sk_flags & ((1 << SOCK_RXQ_OVFL) | (1 << SOCK_RCVTSTAMP))) !== 0)
		__sock_recv_ts_and_drops(msg, sk, skb);
	else if (sock_flag(sk, SOCK_TIMESTAMP)) sk.sk_stamp = skb.tstamp;
	else if (sk.sk_stamp === SK_DEFAULT_STAMP) sk.sk_stamp = 0;
}

/**
 * Fills the ancillary data of a received packet: time and drop count.
 * PORT: of net/socket.c, which includes core files only.
 * @kernel net/socket.c:870 (v5.10)
 */
export function __sock_recv_ts_and_drops(msg: msghdr, sk: sock, skb: sk_buff): void {
	sock_recv_timestamp(msg, sk, skb);
	if (sock_flag(sk, SOCK_RXQ_OVFL) && skb.cb2 !== 0) msg.dropcount = skb.cb2;
}

/**
 * Fills the time stamp of a received packet.
 * @kernel include/net/sock.h:2426 (v5.10)
 */
export function sock_recv_timestamp(msg: msghdr, sk: sock, skb: sk_buff): void {
	if (sock_flag(sk, SOCK_RCVTSTAMP)) {
		const at = skb.tstamp === 0 ? sk.machine.now_ns : skb.tstamp;
		msg.timestamp = sk.machine.boot_realtime_ns + at;
	} else {
		sk.sk_stamp = skb.tstamp;
	}
}

/**
 * Timeout option as the user reads it.
 * @param timeo jiffies
 * @kernel net/core/sock.c:334 (v5.10)
 */
function sock_get_timeout(timeo: number): { tv_sec: number; tv_usec: number } {
	if (timeo === MAX_SCHEDULE_TIMEOUT) return { tv_sec: 0, tv_usec: 0 };
	return { tv_sec: Math.floor(timeo / HZ), tv_usec: (timeo % HZ) * (1_000_000 / HZ) };
}

/**
 * Timeout option as the user sets it.
 * @returns jiffies, or a negative errno
 * @kernel net/core/sock.c:364 (v5.10)
 */
function sock_set_timeout(optval: sockopt_value): number {
	if (typeof optval !== 'object' || !('tv_sec' in optval) || !('tv_usec' in optval))
		return -EINVAL;
	const { tv_sec, tv_usec } = optval;
	if (typeof tv_sec !== 'number' || typeof tv_usec !== 'number') return -EINVAL;
	if (tv_usec < 0 || tv_usec >= 1_000_000) return -EDOM;
	if (tv_sec < 0) return 0;
	if (tv_sec === 0 && tv_usec === 0) return MAX_SCHEDULE_TIMEOUT;
	return tv_sec * HZ + Math.ceil(tv_usec / (1_000_000 / HZ));
}

/**
 * Queues a packet for the program without a filter.
 * @returns 0, -ENOMEM when the receive buffer is full, -ENOBUFS without memory; the caller frees
 * @kernel net/core/sock.c:438 (v5.10)
 */
export function __sock_queue_rcv_skb(sk: sock, skb: sk_buff): number {
	if (sk.sk_rmem_alloc >= sk.sk_rcvbuf) {
		sk.sk_drops++;
		return -ENOMEM;
	}
	if (!sk_rmem_schedule(sk, skb, skb.truesize)) {
		sk.sk_drops++;
		return -ENOBUFS;
	}
	skb.dev = null;
	skb_set_owner_r(skb, sk);
	skb_dst_force(skb);
	sock_skb_set_dropcount(sk, skb);
	__skb_queue_tail(sk.sk_receive_queue, skb);
	if (!sock_flag(sk, SOCK_DEAD)) sk.sk_data_ready(sk);
	return 0;
}

/**
 * Queues a packet for the program.
 * @returns see __sock_queue_rcv_skb()
 * @kernel net/core/sock.c:473 (v5.10)
 */
export function sock_queue_rcv_skb(sk: sock, skb: sk_buff): number {
	return __sock_queue_rcv_skb(sk, skb);
}

/**
 * Hands a received packet to a socket, or to its backlog when a system call has it.
 * @param refcounted the caller's reference goes with it
 * @returns NET_RX_SUCCESS or what the protocol answers
 * @kernel net/core/sock.c:485 (v5.10)
 */
export function __sk_receive_skb(sk: sock, skb: sk_buff, refcounted: boolean): number {
	let rc = NET_RX_SUCCESS;
	discard_and_relse: {
		skb.dev = null;
		if (sk_rcvqueues_full(sk, sk.sk_rcvbuf)) {
			sk.sk_drops++;
			break discard_and_relse;
		}
		if (!sk.sk_lock_owned) {
			rc = sk_backlog_rcv(sk, skb);
		} else if (sk_add_backlog(sk, skb, sk.sk_rcvbuf) !== 0) {
			sk.sk_drops++;
			break discard_and_relse;
		}
		if (refcounted) sock_put(sk);
		return rc;
	}
	kfree_skb(skb);
	if (refcounted) sock_put(sk);
	return rc;
}

/**
 * The cached destination if it is still good; for an owned socket.
 * @returns borrowed, or null
 * @kernel net/core/sock.c:529 (v5.10)
 */
export function __sk_dst_check(sk: sock, cookie: number): dst_entry | null {
	const dst = __sk_dst_get(sk);
	if (dst !== null && dst.obsolete !== 0 && dst.ops.check(dst, cookie) === null) {
		sk_tx_queue_clear(sk);
		sk.sk_dst_pending_confirm = false;
		sk.sk_dst_cache = null;
		dst_release(dst);
		return null;
	}
	return dst;
}

/**
 * The cached destination if it is still good.
 * @returns referenced, or null
 * @kernel net/core/sock.c:545 (v5.10)
 */
export function sk_dst_check(sk: sock, cookie: number): dst_entry | null {
	const dst = sk_dst_get(sk);
	if (dst !== null && dst.obsolete !== 0 && dst.ops.check(dst, cookie) === null) {
		sk_dst_reset(sk);
		dst_release(dst);
		return null;
	}
	return dst;
}

/**
 * Binds an owned socket to an interface.
 * @param ifindex 0 for none
 * @returns 0 or -EINVAL
 * @kernel net/core/sock.c:559 (v5.10)
 */
function sock_bindtoindex_locked(sk: sock, ifindex: number): number {
	if (ifindex < 0) return -EINVAL;
	sk.sk_bound_dev_if = ifindex;
	sk.sk_prot.rehash?.(sk);
	sk_dst_reset(sk);
	return 0;
}

/**
 * Binds a socket to an interface.
 * @param ifindex 0 for none
 * @param lock_sk false when the caller owns it
 * @returns 0 or -EINVAL
 * @kernel net/core/sock.c:587 (v5.10)
 */
export function sock_bindtoindex(sk: sock, ifindex: number, lock_sk: boolean): number {
	if (lock_sk) lock_sock(sk);
	const ret = sock_bindtoindex_locked(sk, ifindex);
	if (lock_sk) release_sock(sk);
	return ret;
}

/**
 * SO_BINDTODEVICE: binds a socket to an interface by name.
 * @param optval name, empty for none
 * @returns 0, -EINVAL, or -ENODEV when there is no such interface
 * @kernel net/core/sock.c:601 (v5.10)
 */
function sock_setbindtodevice(sk: sock, optval: sockopt_value): number {
	if (typeof optval !== 'string') return -EINVAL;
	let index = 0;
	if (optval !== '') {
		const dev = dev_get_by_name_rcu(sock_net(sk), optval);
		if (dev === null) return -ENODEV;
		index = dev.ifindex;
	}
	return sock_bindtoindex(sk, index, true);
}

/**
 * SO_BINDTODEVICE: name of the interface a socket is bound to.
 * @returns 0, or -ENODEV when the interface is gone
 * @kernel net/core/sock.c:647 (v5.10)
 */
function sock_getbindtodevice(sk: sock, res: sockopt_result): number {
	if (sk.sk_bound_dev_if === 0) {
		res.val = '';
		return 0;
	}
	const dev = __dev_get_by_index(sock_net(sk), sk.sk_bound_dev_if);
	if (dev === null) return -ENODEV;
	res.val = dev.name;
	return 0;
}

/**
 * Tells whether what a socket sends to a group comes back to this host.
 * @kernel net/core/sock.c:687 (v5.10)
 */
export function sk_mc_loop(sk: sock | null): boolean {
	if (sk === null) return true;
	if (sk.machine.softnet_data.xmit_recursion !== 0) return false;
	switch (sk.sk_family) {
		case AF_INET:
			return inet_sk(sk).mc_loop;
		case AF_INET6:
			return inet_sk(sk).pinet6!.mc_loop !== 0;
	}
	sk.machine.record('WARN', 'sk_mc_loop', `family ${sk.sk_family}`);
	return true;
}

/**
 * Sets SO_REUSEADDR.
 * @kernel net/core/sock.c:706 (v5.10)
 */
export function sock_set_reuseaddr(sk: sock): void {
	lock_sock(sk);
	sk.sk_reuse = SK_CAN_REUSE;
	release_sock(sk);
}

/**
 * Sets or clears the time stamp options.
 * @param ns nanoseconds rather than microseconds
 * @kernel net/core/sock.c:750 (v5.10)
 */
function __sock_set_timestamps(sk: sock, val: boolean, ns: boolean): void {
	if (val) {
		sock_valbool_flag(sk, SOCK_RCVTSTAMPNS, ns);
		sock_set_flag(sk, SOCK_RCVTSTAMP);
		sock_set_flag(sk, SOCK_TIMESTAMP);
	} else {
		sock_reset_flag(sk, SOCK_RCVTSTAMP);
		sock_reset_flag(sk, SOCK_RCVTSTAMPNS);
	}
}

/**
 * Sets SO_KEEPALIVE.
 * @kernel net/core/sock.c:771 (v5.10)
 */
export function sock_set_keepalive(sk: sock): void {
	lock_sock(sk);
	sk.sk_prot.keepalive?.(sk, 1);
	sock_valbool_flag(sk, SOCK_KEEPOPEN, true);
	release_sock(sk);
}

/**
 * Sets the receive buffer to twice a size.
 * @param val bytes
 * @kernel net/core/sock.c:781 (v5.10)
 */
function __sock_set_rcvbuf(sk: sock, val: number): void {
	val = Math.min(val, 0x3fffffff);
	sk.sk_userlocks |= SOCK_RCVBUF_LOCK;
	sk.sk_rcvbuf = Math.max(val * 2, SOCK_MIN_RCVBUF);
}

/**
 * Sets the send buffer to twice a size.
 * @param val bytes
 * @kernel PORT: the label set_sndbuf of sock_setsockopt()
 */
function __sock_set_sndbuf(sk: sock, val: number): void {
	val = Math.min(val, 0x3fffffff);
	sk.sk_userlocks |= SOCK_SNDBUF_LOCK;
	sk.sk_sndbuf = Math.max(val * 2, SOCK_MIN_SNDBUF);
	sk.sk_write_space(sk);
}

/**
 * Sets the receive buffer to twice a size.
 * @kernel net/core/sock.c:802 (v5.10)
 */
export function sock_set_rcvbuf(sk: sock, val: number): void {
	lock_sock(sk);
	__sock_set_rcvbuf(sk, val);
	release_sock(sk);
}

/**
 * setsockopt() at level SOL_SOCKET.
 * @param optname SO_*
 * @param optval a number, a name (SO_BINDTODEVICE) or a record (SO_LINGER, SO_RCVTIMEO, SO_SNDTIMEO)
 * @returns 0, -EINVAL, -ENOPROTOOPT and others
 * @kernel net/core/sock.c:823 (v5.10)
 */
export function sock_setsockopt(
	sock: socket,
	_level: number,
	optname: number,
	optval: sockopt_value,
): number {
	const sk = sock.sk!;
	const m = sk.machine;
	let ret = 0;
	if (optname === SO_BINDTODEVICE) return sock_setbindtodevice(sk, optval);
	const record = optname === SO_LINGER || optname === SO_RCVTIMEO || optname === SO_SNDTIMEO;
	if (!record && typeof optval !== 'number') return -EINVAL;
	const val = typeof optval === 'number' ? optval | 0 : 0;
	const valbool = val !== 0;
	lock_sock(sk);
	switch (optname) {
		case SO_DEBUG:
			sock_valbool_flag(sk, SOCK_DBG, valbool);
			break;
		case SO_REUSEADDR:
			sk.sk_reuse = valbool ? SK_CAN_REUSE : SK_NO_REUSE;
			break;
		case SO_REUSEPORT:
			sk.sk_reuseport = valbool;
			break;
		case SO_TYPE:
		case SO_PROTOCOL:
		case SO_DOMAIN:
		case SO_ERROR:
			ret = -ENOPROTOOPT;
			break;
		case SO_DONTROUTE:
			sock_valbool_flag(sk, SOCK_LOCALROUTE, valbool);
			sk_dst_reset(sk);
			break;
		case SO_BROADCAST:
			sock_valbool_flag(sk, SOCK_BROADCAST, valbool);
			break;
		case SO_SNDBUF:
			__sock_set_sndbuf(sk, Math.min(val >>> 0, sysctl_wmem_max.of(m).value));
			break;
		case SO_SNDBUFFORCE:
			__sock_set_sndbuf(sk, Math.max(val, 0));
			break;
		case SO_RCVBUF:
			__sock_set_rcvbuf(sk, Math.min(val >>> 0, sysctl_rmem_max.of(m).value));
			break;
		case SO_RCVBUFFORCE:
			__sock_set_rcvbuf(sk, Math.max(val, 0));
			break;
		case SO_KEEPALIVE:
			sk.sk_prot.keepalive?.(sk, valbool ? 1 : 0);
			sock_valbool_flag(sk, SOCK_KEEPOPEN, valbool);
			break;
		case SO_OOBINLINE:
			sock_valbool_flag(sk, SOCK_URGINLINE, valbool);
			break;
		case SO_NO_CHECK:
			sk.sk_no_check_tx = valbool;
			break;
		case SO_PRIORITY:
			sk.sk_priority = val >>> 0;
			break;
		case SO_LINGER: {
			if (
				typeof optval !== 'object' ||
				!('l_onoff' in optval) ||
				!('l_linger' in optval)
			) {
				ret = -EINVAL;
				break;
			}
			const ling = optval;
			if (ling.l_onoff === 0 || typeof ling.l_linger !== 'number') {
				sock_reset_flag(sk, SOCK_LINGER);
			} else {
				sk.sk_lingertime = (ling.l_linger >>> 0) * HZ;
				sock_set_flag(sk, SOCK_LINGER);
			}
			break;
		}
		case SO_TIMESTAMP:
			__sock_set_timestamps(sk, valbool, false);
			break;
		case SO_TIMESTAMPNS:
			__sock_set_timestamps(sk, valbool, true);
			break;
		case SO_RCVLOWAT: {
			const lowat = val < 0 ? 0x7fffffff : val;
			if (sock.ops!.set_rcvlowat !== undefined)
				ret = sock.ops!.set_rcvlowat(sk, lowat);
			else sk.sk_rcvlowat = lowat === 0 ? 1 : lowat;
			break;
		}
		case SO_RCVTIMEO: {
			const timeo = sock_set_timeout(optval);
			if (timeo < 0) ret = timeo;
			else sk.sk_rcvtimeo = timeo;
			break;
		}
		case SO_SNDTIMEO: {
			const timeo = sock_set_timeout(optval);
			if (timeo < 0) ret = timeo;
			else sk.sk_sndtimeo = timeo;
			break;
		}
		case SO_MARK:
			if (val >>> 0 !== sk.sk_mark) {
				sk.sk_mark = val >>> 0;
				sk_dst_reset(sk);
			}
			break;
		case SO_RXQ_OVFL:
			sock_valbool_flag(sk, SOCK_RXQ_OVFL, valbool);
			break;
		case SO_PEEK_OFF:
			if (sock.ops!.set_peek_off !== undefined)
				ret = sock.ops!.set_peek_off(sk, val);
			else ret = -EOPNOTSUPP;
			break;
		case SO_SELECT_ERR_QUEUE:
			sock_valbool_flag(sk, SOCK_SELECT_ERR_QUEUE, valbool);
			break;
		case SO_MAX_PACING_RATE: {
			const rate = val === -1 ? Number.POSITIVE_INFINITY : Number(optval);
			if (
				rate !== Number.POSITIVE_INFINITY &&
				sk.sk_pacing_status === SK_PACING_NONE
			)
				sk.sk_pacing_status = SK_PACING_NEEDED;
			sk.sk_max_pacing_rate = rate;
			sk.sk_pacing_rate = Math.min(sk.sk_pacing_rate, rate);
			break;
		}
		case SO_INCOMING_CPU:
			sk.sk_incoming_cpu = val;
			break;
		case SO_BINDTOIFINDEX:
			ret = sock_bindtoindex_locked(sk, val);
			break;
		default:
			ret = -ENOPROTOOPT;
			break;
	}
	release_sock(sk);
	return ret;
}

/**
 * Number that identifies a socket for ever.
 * @kernel PORT: net/core/sock_diag.c sock_gen_cookie
 */
export function sock_gen_cookie(sk: sock_common): number {
	if (sk.sk_cookie === 0) sk.sk_cookie = ++cookie_gen.of(sk.machine).value;
	return sk.sk_cookie;
}

/**
 * getsockopt() at level SOL_SOCKET.
 * @param optname SO_*
 * @param res gets the value
 * @returns 0, -ENOPROTOOPT and others
 * @kernel net/core/sock.c:1271 (v5.10)
 */
export function sock_getsockopt(
	sock: socket,
	_level: number,
	optname: number,
	res: sockopt_result,
): number {
	const sk = sock.sk!;
	const flag = (f: number): number => (sock_flag(sk, f) ? 1 : 0);
	switch (optname) {
		case SO_DEBUG:
			res.val = flag(SOCK_DBG);
			break;
		case SO_DONTROUTE:
			res.val = flag(SOCK_LOCALROUTE);
			break;
		case SO_BROADCAST:
			res.val = flag(SOCK_BROADCAST);
			break;
		case SO_SNDBUF:
			res.val = sk.sk_sndbuf;
			break;
		case SO_RCVBUF:
			res.val = sk.sk_rcvbuf;
			break;
		case SO_REUSEADDR:
			res.val = sk.sk_reuse;
			break;
		case SO_REUSEPORT:
			res.val = sk.sk_reuseport ? 1 : 0;
			break;
		case SO_KEEPALIVE:
			res.val = flag(SOCK_KEEPOPEN);
			break;
		case SO_TYPE:
			res.val = sk.sk_type;
			break;
		case SO_PROTOCOL:
			res.val = sk.sk_protocol;
			break;
		case SO_DOMAIN:
			res.val = sk.sk_family;
			break;
		case SO_ERROR: {
			let err = -sock_error(sk);
			if (err === 0) {
				err = sk.sk_err_soft;
				sk.sk_err_soft = 0;
			}
			res.val = err;
			break;
		}
		case SO_OOBINLINE:
			res.val = flag(SOCK_URGINLINE);
			break;
		case SO_NO_CHECK:
			res.val = sk.sk_no_check_tx ? 1 : 0;
			break;
		case SO_PRIORITY:
			res.val = sk.sk_priority;
			break;
		case SO_LINGER:
			res.val = {
				l_onoff: flag(SOCK_LINGER),
				l_linger: Math.floor(sk.sk_lingertime / HZ),
			};
			break;
		case SO_TIMESTAMP:
			res.val =
				sock_flag(sk, SOCK_RCVTSTAMP) && !sock_flag(sk, SOCK_RCVTSTAMPNS)
					? 1
					: 0;
			break;
		case SO_TIMESTAMPNS:
			res.val = flag(SOCK_RCVTSTAMPNS);
			break;
		case SO_RCVTIMEO:
			res.val = sock_get_timeout(sk.sk_rcvtimeo);
			break;
		case SO_SNDTIMEO:
			res.val = sock_get_timeout(sk.sk_sndtimeo);
			break;
		case SO_RCVLOWAT:
			res.val = sk.sk_rcvlowat;
			break;
		case SO_SNDLOWAT:
			res.val = 1;
			break;
		case SO_PEERNAME: {
			const peer = sock.ops!.getname(sock, 2);
			if (typeof peer === 'number') return -ENOTCONN;
			res.val = peer;
			break;
		}
		case SO_ACCEPTCONN:
			res.val = sk.sk_state === TCP_LISTEN ? 1 : 0;
			break;
		case SO_MARK:
			res.val = sk.sk_mark;
			break;
		case SO_RXQ_OVFL:
			res.val = flag(SOCK_RXQ_OVFL);
			break;
		case SO_PEEK_OFF:
			if (sock.ops!.set_peek_off === undefined) return -EOPNOTSUPP;
			res.val = sk.sk_peek_off;
			break;
		case SO_BINDTODEVICE:
			return sock_getbindtodevice(sk, res);
		case SO_SELECT_ERR_QUEUE:
			res.val = flag(SOCK_SELECT_ERR_QUEUE);
			break;
		case SO_MAX_PACING_RATE:
			res.val = sk.sk_max_pacing_rate;
			break;
		case SO_INCOMING_CPU:
			res.val = sk.sk_incoming_cpu;
			break;
		case SO_MEMINFO: {
			const mem = new Array<number>(9).fill(0);
			sk_get_meminfo(sk, mem);
			res.val = mem;
			break;
		}
		case SO_COOKIE:
			res.val = sock_gen_cookie(sk);
			break;
		case SO_BINDTOIFINDEX:
			res.val = sk.sk_bound_dev_if;
			break;
		default:
			return -ENOPROTOOPT;
	}
	return 0;
}

/**
 * Copies the fields of one structure to another: plain values and pointers as they are, embedded
 * structures field by field. A pointer is a field that is null in the fresh structure.
 * @kernel PORT: memcpy of sock_copy()
 */
function struct_copy(to: object, from: object): void {
	const d = to as Record<string, unknown>;
	const s = from as Record<string, unknown>;
	for (const key of Object.keys(s)) {
		const v = s[key];
		const old = d[key];
		if (v === old) continue;
		if (
			typeof v !== 'object' ||
			v === null ||
			old === null ||
			typeof old !== 'object'
		) {
			d[key] = v;
		} else if (v instanceof Uint8Array && old instanceof Uint8Array) {
			old.set(v);
		} else if (ArrayBuffer.isView(v) || Array.isArray(v)) {
			struct_copy(old, v);
		} else if (
			!(v instanceof hlist_node) &&
			!(v instanceof timer_list) &&
			!(v instanceof sk_buff_head) &&
			!(v instanceof Map) &&
			!(v instanceof Set)
		) {
			struct_copy(old, v);
		}
	}
}

/**
 * Copies a socket; what belongs to one socket alone is put right by the caller.
 * @kernel net/core/sock.c:1630 (v5.10)
 */
function sock_copy(nsk: sock, osk: sock): void {
	const frag = osk.sk_frag;
	const page = frag.page;
	frag.page = null;
	struct_copy(nsk, osk);
	frag.page = page;
	nsk.hnnode_next = null;
	nsk.hnnode_prev = null;
	nsk.hnnode_head = null;
}

/**
 * Makes the object of a protocol.
 * @kernel net/core/sock.c:1647 (v5.10)
 */
function sk_prot_alloc(net: net, prot: proto, family: number): sock {
	const sk = prot.alloc(net, family);
	sk_tx_queue_clear(sk);
	return sk;
}

/**
 * Makes a socket.
 * @param kern true for the kernel's own: it does not count
 * @kernel net/core/sock.c:1710 (v5.10)
 */
export function sk_alloc(net: net, family: number, prot: proto, kern: boolean): sock {
	const sk = sk_prot_alloc(net, prot, family);
	sk.sk_family = family;
	sk.sk_prot = sk.sk_prot_creator = prot;
	sk.sk_kern_sock = kern;
	sk.sk_net_refcnt = !kern;
	if (sk.sk_net_refcnt) sock_inuse_add(net, 1);
	sk.sk_wmem_alloc = 1;
	return sk;
}

/**
 * Ends a socket nobody holds any more.
 * @kernel net/core/sock.c:1748 (v5.10)
 */
function __sk_destruct(sk: sock): void {
	sk.sk_destruct(sk);
	if (sk.sk_omem_alloc !== 0)
		sk.machine.record(
			'WARN',
			'sk_destruct',
			`${sk.sk_omem_alloc} bytes of option memory`,
		);
	if (sk.sk_frag.page !== null) {
		put_page(sk.sk_frag.page);
		sk.sk_frag.page = null;
	}
}

/**
 * Ends a socket nobody holds any more, after those who may still look at it.
 * @kernel net/core/sock.c:1786 (v5.10)
 */
export function sk_destruct(sk: sock): void {
	if (sock_flag(sk, SOCK_RCU_FREE)) call_rcu(sk.machine, () => __sk_destruct(sk));
	else __sk_destruct(sk);
}

/**
 * Frees a socket whose references and packets are gone.
 * @kernel net/core/sock.c:1801 (v5.10)
 */
function __sk_free(sk: sock): void {
	if (sk.sk_net_refcnt) sock_inuse_add(sock_net(sk), -1);
	sk_destruct(sk);
}

/**
 * Frees a socket once its packets in flight are gone.
 * @kernel net/core/sock.c:1812 (v5.10)
 */
export function sk_free(sk: sock): void {
	if (--sk.sk_wmem_alloc === 0) __sk_free(sk);
}

/**
 * Empties the queues of a new socket.
 * @kernel net/core/sock.c:1824 (v5.10)
 */
function sk_init_common(sk: sock): void {
	skb_queue_head_init(sk.sk_receive_queue);
	skb_queue_head_init(sk.sk_write_queue);
	skb_queue_head_init(sk.sk_error_queue);
}

/**
 * Makes a copy of a socket, for a connection that is accepted. Two references.
 * @returns the copy or null
 * @kernel net/core/sock.c:1852 (v5.10)
 */
export function sk_clone_lock(sk: sock): sock | null {
	const prot = sk.sk_prot;
	const newsk = sk_prot_alloc(sock_net(sk), prot, sk.sk_family);
	sock_copy(newsk, sk);
	newsk.sk_prot_creator = prot;
	newsk.sk_lock_owned = false;
	newsk.sk_backlog.head = newsk.sk_backlog.tail = null;
	newsk.sk_backlog.len = 0;
	newsk.sk_rmem_alloc = 0;
	newsk.sk_wmem_alloc = 1;
	newsk.sk_omem_alloc = 0;
	sk_init_common(newsk);
	newsk.sk_dst_cache = null;
	newsk.sk_dst_pending_confirm = false;
	newsk.sk_wmem_queued = 0;
	newsk.sk_forward_alloc = 0;
	newsk.sk_drops = 0;
	newsk.sk_send_head = null;
	newsk.sk_userlocks = sk.sk_userlocks & ~SOCK_BINDPORT_LOCK;
	newsk.sk_cookie = 0;
	sock_reset_flag(newsk, SOCK_DONE);
	if (xfrm_sk_clone_policy(newsk, sk) !== 0) {
		sk_free_unlock_clone(newsk);
		return null;
	}
	newsk.sk_err = 0;
	newsk.sk_err_soft = 0;
	newsk.sk_priority = 0;
	newsk.sk_incoming_cpu = 0;
	if (newsk.sk_net_refcnt) sock_inuse_add(sock_net(newsk), 1);
	newsk.sk_refcnt = 2;
	sk_set_socket(newsk, null);
	sk_tx_queue_clear(newsk);
	newsk.sk_wq = null;
	if (newsk.sk_prot.sockets_allocated !== undefined) sk_sockets_allocated_inc(newsk);
	return newsk;
}

/**
 * Frees a copy that could not be finished.
 * @kernel net/core/sock.c:1977 (v5.10)
 */
export function sk_free_unlock_clone(sk: sock): void {
	sk.sk_destruct = sock_def_destruct;
	sk_free(sk);
}

/**
 * Takes a destination, with the caller's reference, and what its device can do.
 * @kernel net/core/sock.c:1987 (v5.10)
 */
export function sk_setup_caps(sk: sock, dst: dst_entry): void {
	const dev = dst.dev!;
	let max_segs = 1;
	sk_dst_set(sk, dst);
	sk.sk_route_caps = dev.features | sk.sk_route_forced_caps;
	if ((sk.sk_route_caps & NETIF_F_GSO) !== 0) sk.sk_route_caps |= NETIF_F_GSO_SOFTWARE;
	sk.sk_route_caps &= ~sk.sk_route_nocaps;
	if (sk_can_gso(sk)) {
		if (dst.header_len !== 0) {
			sk.sk_route_caps &= ~NETIF_F_GSO_MASK;
		} else {
			sk.sk_route_caps |= NETIF_F_SG | NETIF_F_HW_CSUM;
			sk.sk_gso_max_size = dev.gso_max_size;
			max_segs = Math.max(dev.gso_max_segs, 1);
		}
	}
	sk.sk_gso_max_segs = max_segs;
}

/**
 * Destructor of a sent packet: gives its bytes back and wakes writers.
 * @kernel net/core/sock.c:2017 (v5.10)
 */
export function sock_wfree(skb: sk_buff): void {
	const sk = skb.sk!;
	let len = skb.truesize;
	if (!sock_flag(sk, SOCK_USE_WRITE_QUEUE)) {
		sk.sk_wmem_alloc -= len - 1;
		if (sk.sk_wmem_alloc <= 0)
			sk.machine.record('WARN', 'sock_wfree', 'more bytes freed than sent');
		sk.sk_write_space(sk);
		len = 1;
	}
	sk.sk_wmem_alloc -= len;
	if (sk.sk_wmem_alloc === 0) __sk_free(sk);
}

/**
 * Destructor of a sent packet that wakes nobody.
 * @kernel net/core/sock.c:2043 (v5.10)
 */
export function __sock_wfree(skb: sk_buff): void {
	const sk = skb.sk!;
	sk.sk_wmem_alloc -= skb.truesize;
	if (sk.sk_wmem_alloc === 0) __sk_free(sk);
}

/**
 * Gives a packet to be sent to a socket's account.
 * @kernel net/core/sock.c:2051 (v5.10)
 */
export function skb_set_owner_w(skb: sk_buff, sk: sock): void {
	skb_orphan(skb);
	skb.sk = sk;
	if (!sk_fullsock(sk)) {
		skb.destructor = sock_edemux;
		sock_hold(sk);
		return;
	}
	skb.destructor = sock_wfree;
	skb_set_hash_from_sk(skb, sk);
	sk.sk_wmem_alloc += skb.truesize;
}

/**
 * Destructor of a received packet.
 * @kernel net/core/sock.c:2113 (v5.10)
 */
export function sock_rfree(skb: sk_buff): void {
	const sk = skb.sk!;
	const len = skb.truesize;
	sk.sk_rmem_alloc -= len;
	sk_mem_uncharge(sk, len);
}

/**
 * Destructor of a packet that holds a full socket.
 * @kernel net/core/sock.c:2127 (v5.10)
 */
export function sock_efree(skb: sk_buff): void {
	sock_put(skb.sk!);
}

/**
 * Destructor of a packet that holds a socket of any kind.
 * @kernel PORT: net/ipv4/inet_hashtables.c sock_edemux, through the hook of sock_gen_put()
 */
export function sock_edemux(skb: sk_buff): void {
	const put = sock_gen_put_hook.of(skb.machine).fn;
	const sk = skb.sk!;
	if (put !== null) put(sk);
	else sock_put(sk);
}

/**
 * Destructor of a packet that was given a socket before the lookup.
 * @kernel net/core/sock.c:2137 (v5.10)
 */
export function sock_pfree(skb: sk_buff): void {
	if (sk_is_refcounted(skb.sk!)) sock_edemux(skb);
}

/**
 * Makes a packet on a socket's account.
 * @param size bytes of linear room
 * @param force true: even when the send buffer is full
 * @returns the packet or null
 * @kernel net/core/sock.c:2170 (v5.10)
 */
export function sock_wmalloc(sk: sock, size: number, force: boolean): sk_buff | null {
	if (force || sk.sk_wmem_alloc < sk.sk_sndbuf) {
		const skb = alloc_skb(sk.machine, size);
		skb_set_owner_w(skb, sk);
		return skb;
	}
	return null;
}

/**
 * Destructor of a packet on a socket's option account.
 * @kernel net/core/sock.c:2186 (v5.10)
 */
function sock_ofree(skb: sk_buff): void {
	skb.sk!.sk_omem_alloc -= skb.truesize;
}

/**
 * Makes a packet on a socket's option account.
 * @param size bytes of linear room
 * @returns the packet, or null when the account is full
 * @kernel net/core/sock.c:2193 (v5.10)
 */
export function sock_omalloc(sk: sock, size: number): sk_buff | null {
	if (sk.sk_omem_alloc + SKB_TRUESIZE(size) > sysctl_optmem_max) return null;
	const skb = alloc_skb(sk.machine, size);
	sk.sk_omem_alloc += skb.truesize;
	skb.sk = sk;
	skb.destructor = sock_ofree;
	return skb;
}

/** Where sock_alloc_send_skb() leaves its errno. */
export interface errcode {
	/** Negative errno, 0 when there is none. */
	err: number;
}

/**
 * Makes a packet on a socket's account, unless the send buffer is full.
 * @param size bytes of linear room
 * @param errcode gets -EAGAIN, -EPIPE or the socket's error
 * @returns the packet or null
 * @kernel net/core/sock.c:2338 (v5.10)
 */
export function sock_alloc_send_skb(sk: sock, size: number, errcode: errcode): sk_buff | null {
	const err = sock_error(sk);
	if (err !== 0) {
		errcode.err = err;
		return null;
	}
	if ((sk.sk_shutdown & SEND_SHUTDOWN) !== 0) {
		errcode.err = -EPIPE;
		return null;
	}
	if (sk_wmem_alloc_get(sk) >= sk.sk_sndbuf) {
		if (sk.sk_socket !== null) sk.sk_socket.flags |= 1 << SOCK_NOSPACE;
		errcode.err = -EAGAIN;
		return null;
	}
	const skb = alloc_skb(sk.machine, size);
	skb_set_owner_w(skb, sk);
	return skb;
}

/**
 * Reads the ancillary data of a message that is for the socket layer.
 * @returns 0
 * @kernel net/core/sock.c:2387 (v5.10)
 */
export function sock_cmsg_send(_sk: sock, msg: msghdr, sockc: sockcm_cookie): number {
	if (msg.mark !== null) sockc.mark = msg.mark;
	return 0;
}

/**
 * Tells the protocol that memory is short.
 * @kernel net/core/sock.c:2406 (v5.10)
 */
function sk_enter_memory_pressure(sk: sock): void {
	sk.sk_prot.enter_memory_pressure?.(sk);
}

/**
 * Tells the protocol that memory is plenty again.
 * @kernel net/core/sock.c:2414 (v5.10)
 */
function sk_leave_memory_pressure(sk: sock): void {
	if (sk.sk_prot.leave_memory_pressure !== undefined) sk.sk_prot.leave_memory_pressure(sk);
	else if (sk.sk_prot.memory_pressure !== undefined)
		sk.sk_prot.memory_pressure.of(sk.machine).value = 0;
}

/** Bytes of a page that sockets fill: PAGE_SIZE << SKB_FRAG_PAGE_ORDER. */
const SKB_FRAG_PAGE_SIZE = PAGE_SIZE << 3;

/**
 * Sees to it that there is room in the page.
 * @param sz least bytes
 * @kernel net/core/sock.c:2439 (v5.10)
 */
export function skb_page_frag_refill(sz: number, pfrag: page_frag, m: Machine): boolean {
	if (pfrag.page !== null) {
		if (page_ref_count(pfrag.page) === 1) {
			pfrag.offset = 0;
			return true;
		}
		if (pfrag.offset + sz <= pfrag.size) return true;
		put_page(pfrag.page);
	}
	pfrag.offset = 0;
	pfrag.page = alloc_pages(m, SKB_FRAG_PAGE_SIZE);
	pfrag.size = SKB_FRAG_PAGE_SIZE;
	return true;
}

/**
 * The page a socket fills.
 * @kernel include/net/sock.h:2313 (v5.10)
 */
export function sk_page_frag(sk: sock): page_frag {
	return sk.sk_frag;
}

/**
 * Sees to it that there is room in the page a socket fills.
 * @kernel net/core/sock.c:2473 (v5.10)
 */
export function sk_page_frag_refill(sk: sock, pfrag: page_frag): boolean {
	return skb_page_frag_refill(32, pfrag, sk.machine);
}

/**
 * Works off the backlog of an owned socket.
 * @kernel net/core/sock.c:2502 (v5.10)
 */
export function __release_sock(sk: sock): void {
	const b = sk.sk_backlog;
	let skb = b.head;
	while (skb !== null) {
		b.head = b.tail = null;
		sk.machine.local_bh_enable();
		do {
			const next: sk_buff | null = skb.next;
			skb.next = null;
			sk_backlog_rcv(sk, skb);
			sk.machine.cond_resched();
			skb = next;
		} while (skb !== null);
		sk.machine.local_bh_disable();
		skb = b.head;
	}
	b.len = 0;
}

/**
 * Works off the backlog in the middle of a system call.
 * @kernel net/core/sock.c:2535 (v5.10)
 */
export function __sk_flush_backlog(sk: sock): void {
	sk.machine.local_bh_disable();
	__release_sock(sk);
	sk.machine.local_bh_enable();
}

/**
 * Least receive buffer of a protocol.
 * @kernel include/net/sock.h:2659 (v5.10)
 */
function sk_get_rmem0(sk: sock, proto: proto): number {
	return proto.sysctl_rmem === undefined ? 0 : proto.sysctl_rmem(sock_net(sk));
}

/**
 * Least send buffer of a protocol.
 * @kernel include/net/sock.h:2650 (v5.10)
 */
function sk_get_wmem0(sk: sock, proto: proto): number {
	return proto.sysctl_wmem === undefined ? 0 : proto.sysctl_wmem(sock_net(sk));
}

/**
 * Counts pages to the protocol if its limits allow.
 * @param size bytes wanted
 * @param amt the same in pages
 * @param kind SK_MEM_SEND or SK_MEM_RECV
 * @returns 1 when counted, else 0
 * @kernel net/core/sock.c:2576 (v5.10)
 */
export function __sk_mem_raise_allocated(
	sk: sock,
	size: number,
	amt: number,
	kind: number,
): number {
	const prot = sk.sk_prot;
	const allocated = sk_memory_allocated_add(sk, amt);
	suppress_allocation: {
		if (allocated <= sk_prot_mem_limits(sk, 0)) {
			sk_leave_memory_pressure(sk);
			return 1;
		}
		if (allocated > sk_prot_mem_limits(sk, 1)) sk_enter_memory_pressure(sk);
		if (allocated > sk_prot_mem_limits(sk, 2)) break suppress_allocation;
		if (kind === SK_MEM_RECV) {
			if (sk.sk_rmem_alloc < sk_get_rmem0(sk, prot)) return 1;
		} else {
			const wmem0 = sk_get_wmem0(sk, prot);
			if (sk.sk_type === SOCK_STREAM) {
				if (sk.sk_wmem_queued < wmem0) return 1;
			} else if (sk.sk_wmem_alloc < wmem0) {
				return 1;
			}
		}
		if (sk_has_memory_pressure(sk)) {
			if (!sk_under_memory_pressure(sk)) return 1;
			const alloc = sk_sockets_allocated_read_positive(sk);
			const pages = sk_mem_pages(
				sk.sk_wmem_queued + sk.sk_rmem_alloc + sk.sk_forward_alloc,
			);
			if (sk_prot_mem_limits(sk, 2) > alloc * pages) return 1;
		}
	}
	if (kind === SK_MEM_SEND && sk.sk_type === SOCK_STREAM) {
		sk_stream_moderate_sndbuf(sk);
		if (sk.sk_wmem_queued + size >= sk.sk_sndbuf) return 1;
	}
	sk_memory_allocated_sub(sk, amt);
	return 0;
}

/**
 * Reserves whole pages for a number of bytes.
 * @param kind SK_MEM_SEND or SK_MEM_RECV
 * @returns 1 when reserved, else 0
 * @kernel net/core/sock.c:2663 (v5.10)
 */
export function __sk_mem_schedule(sk: sock, size: number, kind: number): number {
	const amt = sk_mem_pages(size);
	sk.sk_forward_alloc += amt << SK_MEM_QUANTUM_SHIFT;
	const ret = __sk_mem_raise_allocated(sk, size, amt, kind);
	if (ret === 0) sk.sk_forward_alloc -= amt << SK_MEM_QUANTUM_SHIFT;
	return ret;
}

/**
 * Takes pages off the protocol's count.
 * @kernel net/core/sock.c:2682 (v5.10)
 */
export function __sk_mem_reduce_allocated(sk: sock, amount: number): void {
	sk_memory_allocated_sub(sk, amount);
	if (sk_under_memory_pressure(sk) && sk_memory_allocated(sk) < sk_prot_mem_limits(sk, 0))
		sk_leave_memory_pressure(sk);
}

/**
 * Gives reserved bytes back, by whole pages.
 * @kernel net/core/sock.c:2700 (v5.10)
 */
export function __sk_mem_reclaim(sk: sock, amount: number): void {
	amount >>= SK_MEM_QUANTUM_SHIFT;
	sk.sk_forward_alloc -= amount << SK_MEM_QUANTUM_SHIFT;
	__sk_mem_reduce_allocated(sk, amount);
}

/**
 * SO_PEEK_OFF.
 * @returns 0
 * @kernel net/core/sock.c:2708 (v5.10)
 */
export function sk_set_peek_off(sk: sock, val: number): number {
	sk.sk_peek_off = val;
	return 0;
}

/**
 * Offset at which a peek starts.
 * @returns bytes, -1 when the option is off
 * @kernel include/net/sock.h:583 (v5.10)
 */
export function sk_peek_offset(sk: sock, flags: number): number {
	return (flags & MSG_PEEK) !== 0 ? sk.sk_peek_off : 0;
}

/**
 * Moves the peek offset back after a read.
 * @kernel include/net/sock.h:592 (v5.10)
 */
export function sk_peek_offset_bwd(sk: sock, val: number): void {
	const off = sk.sk_peek_off;
	if (off >= 0) sk_set_peek_off(sk, Math.max(off - val, 0));
}

/**
 * Moves the peek offset on after a peek.
 * @kernel include/net/sock.h:602 (v5.10)
 */
export function sk_peek_offset_fwd(sk: sock, val: number): void {
	sk_peek_offset_bwd(sk, -val);
}

/**
 * bind() of a family that has none.
 * @kernel net/core/sock.c:2722 (v5.10)
 */
export function sock_no_bind(_sock: socket, _saddr: sockaddr): number {
	return -EOPNOTSUPP;
}

/**
 * connect() of a family that has none.
 * @kernel net/core/sock.c:2728 (v5.10)
 */
export function sock_no_connect(_sock: socket, _saddr: sockaddr, _flags: number): number {
	return -EOPNOTSUPP;
}

/**
 * accept() of a type that has none.
 * @kernel net/core/sock.c:2741 (v5.10)
 */
export function sock_no_accept(
	_sock: socket,
	_newsock: socket,
	_flags: number,
	_kern: boolean,
): number {
	return -EOPNOTSUPP;
}

/**
 * getsockname() of a family that has none.
 * @kernel net/core/sock.c:2748 (v5.10)
 */
export function sock_no_getname(_sock: socket, _peer: number): sockaddr | number {
	return -EOPNOTSUPP;
}

/**
 * listen() of a type that has none.
 * @kernel net/core/sock.c:2761 (v5.10)
 */
export function sock_no_listen(_sock: socket, _backlog: number): number {
	return -EOPNOTSUPP;
}

/**
 * shutdown() of a type that has none.
 * @kernel net/core/sock.c:2767 (v5.10)
 */
export function sock_no_shutdown(_sock: socket, _how: number): number {
	return -EOPNOTSUPP;
}

/**
 * sendmsg() of a type that has none.
 * @kernel net/core/sock.c:2773 (v5.10)
 */
export function sock_no_sendmsg(_sock: socket, _m: msghdr): number {
	return -EOPNOTSUPP;
}

/**
 * recvmsg() of a type that has none.
 * @kernel net/core/sock.c:2785 (v5.10)
 */
export function sock_no_recvmsg(_sock: socket, _m: msghdr, _len: number, _flags: number): number {
	return -EOPNOTSUPP;
}

/**
 * Sends part of a page as a message, where a family has no better way.
 * PORT: the page is never mapped elsewhere; kernel_sendmsg() of net/socket.ts is sendmsg() of the family.
 * @param flags MSG_*
 * @returns bytes taken or a negative errno
 * @kernel net/core/sock.c:2820 (v5.10)
 */
export function sock_no_sendpage(
	sock: socket,
	page: page,
	offset: number,
	size: number,
	flags: number,
): number {
	const msg = new msghdr(page.data.subarray(offset, offset + size));
	msg.flags = flags;
	return sock.ops!.sendmsg(sock, msg);
}

/**
 * Default sk_state_change: wakes everyone.
 * @kernel net/core/sock.c:2854 (v5.10)
 */
function sock_def_wakeup(sk: sock): void {
	const wq = sk.sk_wq;
	if (wq !== null && skwq_has_sleeper(wq)) wake_up(wq);
}

/**
 * Default sk_error_report.
 * @kernel net/core/sock.c:2865 (v5.10)
 */
function sock_def_error_report(sk: sock): void {
	const wq = sk.sk_wq;
	if (wq !== null && skwq_has_sleeper(wq)) wake_up(wq);
}

/**
 * Default sk_data_ready.
 * @kernel net/core/sock.c:2877 (v5.10)
 */
export function sock_def_readable(sk: sock): void {
	const wq = sk.sk_wq;
	if (wq !== null && skwq_has_sleeper(wq)) wake_up(wq);
}

/**
 * Default sk_write_space: wakes writers once half of the buffer is free.
 * @kernel net/core/sock.c:2890 (v5.10)
 */
function sock_def_write_space(sk: sock): void {
	if (sk.sk_wmem_alloc << 1 <= sk.sk_sndbuf) {
		const wq = sk.sk_wq;
		if (wq !== null && skwq_has_sleeper(wq)) wake_up(wq);
	}
}

/**
 * Default sk_destruct.
 * @kernel net/core/sock.c:2913 (v5.10)
 */
function sock_def_destruct(_sk: sock): void {
	/* nothing of its own to free */
}

/**
 * Arms a timer of a socket; a pending timer holds a reference.
 * @param expires absolute jiffies
 * @kernel net/core/sock.c:2925 (v5.10)
 */
export function sk_reset_timer(sk: sock_common, timer: timer_list, expires: number): void {
	if (mod_timer(timer, expires) === 0) sock_hold(sk);
}

/**
 * Disarms a timer of a socket.
 * @kernel net/core/sock.c:2933 (v5.10)
 */
export function sk_stop_timer(sk: sock_common, timer: timer_list): void {
	if (del_timer(timer) !== 0) __sock_put(sk);
}

/**
 * Disarms a timer of a socket.
 * @kernel net/core/sock.c:2940 (v5.10)
 */
export function sk_stop_timer_sync(sk: sock_common, timer: timer_list): void {
	sk_stop_timer(sk, timer);
}

/**
 * Gives a new socket its defaults and ties it to its BSD socket.
 * @param sock null for a socket without a program
 * @kernel net/core/sock.c:2947 (v5.10)
 */
export function sock_init_data(sock: socket | null, sk: sock): void {
	const m = sk.machine;
	sk_init_common(sk);
	sk.sk_send_head = null;
	sk.sk_rcvbuf = sysctl_rmem_default.of(m).value;
	sk.sk_sndbuf = sysctl_wmem_default.of(m).value;
	sk.sk_state = TCP_CLOSE;
	sk_set_socket(sk, sock);
	sock_set_flag(sk, SOCK_ZAPPED);
	if (sock !== null) {
		sk.sk_type = sock.type;
		sk.sk_wq = sock.wq;
		sock.sk = sk;
	} else {
		sk.sk_wq = null;
	}
	sk.sk_uid = 0;
	sk.sk_state_change = sock_def_wakeup;
	sk.sk_data_ready = sock_def_readable;
	sk.sk_write_space = sock_def_write_space;
	sk.sk_error_report = sock_def_error_report;
	sk.sk_destruct = sock_def_destruct;
	sk.sk_frag.page = null;
	sk.sk_frag.offset = 0;
	sk.sk_peek_off = -1;
	sk.sk_write_pending = 0;
	sk.sk_rcvlowat = 1;
	sk.sk_rcvtimeo = MAX_SCHEDULE_TIMEOUT;
	sk.sk_sndtimeo = MAX_SCHEDULE_TIMEOUT;
	sk.sk_stamp = SK_DEFAULT_STAMP;
	sk.sk_max_pacing_rate = Number.POSITIVE_INFINITY;
	sk.sk_pacing_rate = Number.POSITIVE_INFINITY;
	sk.sk_pacing_shift = 10;
	sk.sk_incoming_cpu = -1;
	sk.sk_refcnt = 1;
	sk.sk_drops = 0;
}

/**
 * Takes a system call's hold on the socket: packets now go to the backlog.
 * @kernel net/core/sock.c:3028 (v5.10)
 */
export function lock_sock_nested(sk: sock): void {
	const m = sk.machine;
	m.local_bh_disable();
	if (sk.sk_lock_owned)
		m.record('BUG', 'lock_sock', 'the socket is owned: C would sleep for ever');
	sk.sk_lock_owned = true;
	m.local_bh_enable();
}

/**
 * Gives the socket back: works off the backlog and what the protocol put off.
 * @kernel net/core/sock.c:3044 (v5.10)
 */
export function release_sock(sk: sock): void {
	const m = sk.machine;
	m.local_bh_disable();
	if (sk.sk_backlog.tail !== null) __release_sock(sk);
	sk.sk_prot.release_cb?.(sk);
	sock_release_ownership(sk);
	m.local_bh_enable();
}

/**
 * Keeps softirqs off the socket for a short while.
 * @returns false: nobody had it; true: it was owned and is now by the caller
 * @kernel net/core/sock.c:3076 (v5.10)
 */
export function lock_sock_fast(sk: sock): boolean {
	const m = sk.machine;
	m.local_bh_disable();
	if (!sk.sk_lock_owned) return false;
	m.local_bh_enable();
	lock_sock_nested(sk);
	return true;
}

/**
 * Destructor of a packet on an error queue.
 * @kernel PORT: net/core/skbuff.c sock_rmem_free
 */
function sock_rmem_free(skb: sk_buff): void {
	skb.sk!.sk_rmem_alloc -= skb.truesize;
}

/**
 * Puts a packet on a socket's error queue.
 * @returns 0, or -ENOMEM when the receive buffer is full; the caller frees
 * @kernel PORT: net/core/skbuff.c sock_queue_err_skb
 */
export function sock_queue_err_skb(sk: sock, skb: sk_buff): number {
	if (sk.sk_rmem_alloc + skb.truesize >= sk.sk_rcvbuf) return -ENOMEM;
	skb_orphan(skb);
	skb.sk = sk;
	skb.destructor = sock_rmem_free;
	sk.sk_rmem_alloc += skb.truesize;
	skb_dst_force(skb);
	__skb_queue_tail(sk.sk_error_queue, skb);
	if (!sock_flag(sk, SOCK_DEAD)) sk.sk_error_report(sk);
	return 0;
}

/**
 * Tells whether a queued error stands for an ICMP message.
 * @kernel PORT: net/core/skbuff.c is_icmp_err_skb
 */
function is_icmp_err_skb(skb: sk_buff | null): boolean {
	if (skb === null) return false;
	const origin = SKB_EXT_ERR(skb).ee.ee_origin;
	return origin === SO_EE_ORIGIN_ICMP || origin === SO_EE_ORIGIN_ICMP6;
}

/**
 * Takes the first packet off a socket's error queue; the next one becomes the pending error.
 * @returns the packet or null
 * @kernel PORT: net/core/skbuff.c sock_dequeue_err_skb
 */
export function sock_dequeue_err_skb(sk: sock): sk_buff | null {
	const q = sk.sk_error_queue;
	let icmp_next = false;
	const skb = skb_dequeue(q);
	const skb_next = q.first;
	if (skb !== null && skb_next !== null) {
		icmp_next = is_icmp_err_skb(skb_next);
		if (icmp_next) sk.sk_err = SKB_EXT_ERR(skb_next).ee.ee_errno;
	}
	if (is_icmp_err_skb(skb) && !icmp_next) sk.sk_err = 0;
	if (skb_next !== null) sk.sk_error_report(sk);
	return skb;
}

/**
 * getsockopt() that the protocol answers.
 * @kernel net/core/sock.c:3198 (v5.10)
 */
export function sock_common_getsockopt(
	sock: socket,
	level: number,
	optname: number,
	res: sockopt_result,
): number {
	const sk = sock.sk!;
	const f = sk.sk_prot.getsockopt;
	return f === undefined ? -EOPNOTSUPP : f(sk, level, optname, res);
}

/**
 * recvmsg() that the protocol answers.
 * @kernel net/core/sock.c:3207 (v5.10)
 */
export function sock_common_recvmsg(
	sock: socket,
	msg: msghdr,
	size: number,
	flags: number,
): number {
	const sk = sock.sk!;
	return sk.sk_prot.recvmsg!(
		sk,
		msg,
		size,
		(flags & MSG_DONTWAIT) !== 0,
		flags & ~MSG_DONTWAIT,
	);
}

/**
 * setsockopt() that the protocol answers.
 * @kernel net/core/sock.c:3225 (v5.10)
 */
export function sock_common_setsockopt(
	sock: socket,
	level: number,
	optname: number,
	optval: sockopt_value,
): number {
	const sk = sock.sk!;
	const f = sk.sk_prot.setsockopt;
	return f === undefined ? -EOPNOTSUPP : f(sk, level, optname, optval);
}

/**
 * close() of a socket without connection: no more packets come, no program is left.
 * @kernel net/core/sock.c:3234 (v5.10)
 */
export function sk_common_release(sk: sock): void {
	sk.sk_prot.destroy?.(sk);
	sk.sk_prot.unhash!(sk);
	sock_orphan(sk);
	xfrm_sk_free_policy(sk);
	sock_put(sk);
}

/**
 * Memory figures of a socket, as `ss -m` shows them.
 * @param mem nine numbers: rmem, rcvbuf, wmem, sndbuf, forward, queued, option, backlog, drops
 * @kernel net/core/sock.c:3271 (v5.10)
 */
export function sk_get_meminfo(sk: sock, mem: number[]): void {
	mem[0] = sk_rmem_alloc_get(sk);
	mem[1] = sk.sk_rcvbuf;
	mem[2] = sk_wmem_alloc_get(sk);
	mem[3] = sk.sk_sndbuf;
	mem[4] = sk.sk_forward_alloc;
	mem[5] = sk.sk_wmem_queued;
	mem[6] = sk.sk_omem_alloc;
	mem[7] = sk.sk_backlog.len;
	mem[8] = sk.sk_drops;
}

/**
 * Counts the hashed sockets of a protocol.
 * @kernel net/core/sock.c:3294 (v5.10)
 */
export function sock_prot_inuse_add(net: net, prot: proto, val: number): void {
	const inuse = prot_inuse.of(net);
	inuse.set(prot, (inuse.get(prot) ?? 0) + val);
}

/**
 * Hashed sockets of a protocol.
 * @kernel net/core/sock.c:3300 (v5.10)
 */
export function sock_prot_inuse_get(net: net, prot: proto): number {
	return Math.max(prot_inuse.of(net).get(prot) ?? 0, 0);
}

/**
 * Counts the sockets of a namespace.
 * @kernel net/core/sock.c:3312 (v5.10)
 */
function sock_inuse_add(net: net, val: number): void {
	net.core.sock_inuse += val;
}

/**
 * Sockets of a namespace.
 * @kernel net/core/sock.c:3317 (v5.10)
 */
export function sock_inuse_get(net: net): number {
	return net.core.sock_inuse;
}
