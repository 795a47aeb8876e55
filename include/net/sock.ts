/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/sock.h, base v5.10: what all sockets have below the BSD socket.
 *
 * sock_common is what full sockets, request sockets and time-wait sockets share, so that they can hang
 * on the same hash chains; `sk_state` tells them apart. sock, request_sock and inet_timewait_sock extend it.
 *
 * PORT: the common fields have the names of the C's macros over __sk_common, sk_daddr and so on, in all
 * three. The spinlock half of socket_lock_t is gone; `sk_lock_owned` is the half that sends packets to the
 * backlog while a system call has the socket. Limits and memory counters of a protocol are looked up on the machine.
 * Inlines that need net/core/sock.c (sk_free, __sk_mem_schedule…) live at the top of net/core/sock.ts.
 * Not ported: memory cgroups, security, BPF, busy polling, RPS, XPS, zero copy, hardware timestamps.
 */
import { U32_ZERO } from '../linux/types.ts';
import type { net } from './net_namespace.ts';
import type { dst_entry } from './dst.ts';
import type { page } from '../linux/mm.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import type { socket } from '../linux/net.ts';
import type { msghdr, sockaddr, sockopt_result, sockopt_value } from '../linux/socket.ts';
import type { __be16, __be32 } from '../linux/types.ts';
import type { request_sock_ops } from './request_sock.ts';
import type { timewait_sock_ops } from './timewait_sock.ts';
import type { inet_hashinfo } from './inet_hashtables.ts';
import type { udp_table } from './udp.ts';
import type { raw_hashinfo } from './raw.ts';
import type { xfrm_policy } from './xfrm.ts';
import { hlist_node } from '../linux/list.ts';
import type { hlist_nulls_head } from '../linux/list_nulls.ts';
import { machine_var, type Machine, type machine_variable } from '../linux/machine.ts';
import { sk_buff_head, skb_shinfo } from '../linux/skbuff.ts';
import { timer_list } from '../linux/timer.ts';
import type { wait_queue_head } from '../linux/wait.ts';
import { TCP_CLOSE, TCPF_LISTEN, TCPF_NEW_SYN_RECV, TCPF_TIME_WAIT } from './tcp_states.ts';

/** What sk_rcvtimeo means by "for ever", in jiffies. */
export const MAX_SCHEDULE_TIMEOUT = Number.MAX_SAFE_INTEGER;

/* enum sock_flags */
export const SOCK_DEAD = 0;
export const SOCK_DONE = 1;
export const SOCK_URGINLINE = 2;
export const SOCK_KEEPOPEN = 3;
export const SOCK_LINGER = 4;
export const SOCK_DESTROY = 5;
export const SOCK_BROADCAST = 6;
export const SOCK_TIMESTAMP = 7;
export const SOCK_ZAPPED = 8;
export const SOCK_USE_WRITE_QUEUE = 9;
export const SOCK_DBG = 10;
export const SOCK_RCVTSTAMP = 11;
export const SOCK_RCVTSTAMPNS = 12;
export const SOCK_LOCALROUTE = 13;
export const SOCK_RXQ_OVFL = 17;
export const SOCK_SELECT_ERR_QUEUE = 22;
export const SOCK_RCU_FREE = 23;

export const SHUTDOWN_MASK = 3;
export const RCV_SHUTDOWN = 1;
export const SEND_SHUTDOWN = 2;

/* sk_userlocks */
export const SOCK_SNDBUF_LOCK = 1;
export const SOCK_RCVBUF_LOCK = 2;
export const SOCK_BINDADDR_LOCK = 4;
export const SOCK_BINDPORT_LOCK = 8;

/* sk_reuse */
export const SK_NO_REUSE = 0;
export const SK_CAN_REUSE = 1;
export const SK_FORCE_REUSE = 2;

export const SK_PACING_NONE = 0;
export const SK_PACING_NEEDED = 1;
export const SK_PACING_FQ = 2;

export const PROT_SOCK = 1024;
/** Seconds in C: 10 * HZ. */
export const SOCK_DESTROY_TIME = 10_000;

export const SK_MEM_QUANTUM = 4096;
export const SK_MEM_QUANTUM_SHIFT = 12;
export const SK_MEM_SEND = 0;
export const SK_MEM_RECV = 1;

export const PAGE_SIZE = 4096;
/** SKB_DATA_ALIGN(sizeof(struct sk_buff)) on x86-64. */
export const SIZEOF_SKBUFF = 256;
/** SKB_DATA_ALIGN(sizeof(struct skb_shared_info)) on x86-64. */
export const SIZEOF_SKB_SHARED_INFO = 320;
export const TCP_SKB_MIN_TRUESIZE = 2048 + SIZEOF_SKBUFF;
export const SOCK_MIN_SNDBUF = TCP_SKB_MIN_TRUESIZE * 2;
export const SOCK_MIN_RCVBUF = TCP_SKB_MIN_TRUESIZE;

export const SK_DEFAULT_STAMP = -1_000_000_000;

/** Where a socket stands in a page it fills piece by piece. */
export class page_frag {
	page: page | null = null;
	offset = 0;
	size = 0;
}

/** A number of a protocol that all its sockets on a machine share (atomic_long_t, percpu_counter). */
export class proto_counter {
	value = 0;
}

/** Operations and limits of a transport protocol. */
export interface proto {
	close: (sk: sock, timeout: number) => void;
	pre_connect?: (sk: sock, uaddr: sockaddr) => number;
	connect?: (sk: sock, uaddr: sockaddr) => number;
	disconnect?: (sk: sock, flags: number) => number;
	/** Returns the accepted socket or a negative errno. */
	accept?: (sk: sock, flags: number, kern: boolean) => sock | number;
	ioctl?: (sk: sock, cmd: number) => number;
	init?: (sk: sock) => number;
	destroy?: (sk: sock) => void;
	shutdown?: (sk: sock, how: number) => void;
	setsockopt?: (sk: sock, level: number, optname: number, optval: sockopt_value) => number;
	getsockopt?: (sk: sock, level: number, optname: number, res: sockopt_result) => number;
	keepalive?: (sk: sock, valbool: number) => void;
	sendmsg?: (sk: sock, msg: msghdr, len: number) => number;
	/** Fills msg.data and msg.name; returns bytes or a negative errno. */
	recvmsg?: (sk: sock, msg: msghdr, len: number, noblock: boolean, flags: number) => number;
	/** Takes part of a page by reference; returns bytes taken or a negative errno. */
	sendpage?: (
		sk: sock,
		page: page,
		offset: number,
		size: number,
		flags: number,
	) => number;
	bind?: (sk: sock, addr: sockaddr) => number;
	backlog_rcv?: (sk: sock, skb: sk_buff) => number;
	release_cb?: (sk: sock) => void;
	hash?: (sk: sock) => number;
	unhash?: (sk: sock) => void;
	rehash?: (sk: sock) => void;
	/** Returns 0, or nonzero when the port is taken. */
	get_port?: (sk: sock, snum: number) => number;
	stream_memory_free?: (sk: sock, wake: number) => boolean;
	stream_memory_read?: (sk: sock) => boolean;
	enter_memory_pressure?: (sk: sock) => void;
	leave_memory_pressure?: (sk: sock) => void;
	/** Pages in use; absent when the protocol does no accounting. PORT: one a machine, as those below. */
	memory_allocated?: machine_variable<proto_counter>;
	/** PORT: one a machine. */
	sockets_allocated?: machine_variable<proto_counter>;
	/** Nonzero: jiffies since when memory is short. PORT: one a machine. */
	memory_pressure?: machine_variable<proto_counter>;
	/** Pages: low, pressure, high. */
	sysctl_mem?: machine_variable<number[]>;
	/** Least send buffer, bytes. PORT: asked of the namespace, which sysctl_wmem_offset finds in C. */
	sysctl_wmem?: (net: net) => number;
	/** Least receive buffer, bytes. PORT: as sysctl_wmem. */
	sysctl_rmem?: (net: net) => number;
	max_header: number;
	no_autobind: boolean;
	/** PORT: makes the object, in place of obj_size. */
	alloc: (net: net, family: number) => sock;
	/** PORT: one a machine. */
	orphan_count?: machine_variable<proto_counter>;
	rsk_prot?: request_sock_ops;
	twsk_prot?: timewait_sock_ops;
	hashinfo?: machine_variable<inet_hashinfo>;
	udp_table?: machine_variable<udp_table>;
	raw_hash?: machine_variable<raw_hashinfo>;
	name: string;
	diag_destroy?: (sk: sock, err: number) => number;
}

/** What every kind of socket has that can be looked up by addresses and ports. */
export class sock_common {
	/** Foreign and bound local IPv4 address, network order. */
	sk_daddr: __be32 = U32_ZERO as __be32;
	sk_rcv_saddr: __be32 = U32_ZERO as __be32;
	sk_hash = U32_ZERO;
	/** The halves of the C's union with sk_hash that UDP uses. */
	sk_u16hash0 = 0;
	sk_u16hash1 = 0;
	/** Foreign port, network order; local port, host order. */
	sk_dport: __be16 = 0 as __be16;
	sk_num = 0;
	sk_family = 0;
	sk_state = TCP_CLOSE;
	/** SK_NO_REUSE, SK_CAN_REUSE, SK_FORCE_REUSE. */
	sk_reuse = 0;
	sk_reuseport = false;
	sk_ipv6only = false;
	sk_net_refcnt = false;
	sk_bound_dev_if = 0;
	/** On the port's bind bucket (TCP) or the address hash (UDP). */
	readonly sk_bind_node: hlist_node<sock_common> = new hlist_node<sock_common>(this);
	sk_prot: proto;
	sk_net: net;
	readonly sk_v6_daddr = new Uint8Array(16);
	readonly sk_v6_rcv_saddr = new Uint8Array(16);
	/** 0 until someone asks for it. */
	sk_cookie = 0;
	/** Bits SOCK_DEAD… */
	sk_flags = 0;
	/** sk_node, sk_nulls_node: on the hash chain that lookups walk. */
	hnnode_next: sock_common | null = null;
	hnnode_prev: sock_common | null = null;
	hnnode_head: hlist_nulls_head<sock_common> | null = null;
	sk_tx_queue_mapping = 0xffff;
	sk_incoming_cpu = 0;
	sk_refcnt = 0;
	sk_rxhash = 0;
	readonly machine: Machine;

	/**
	 * @param net namespace it lives in
	 * @param prot its protocol
	 */
	constructor(net: net, prot: proto) {
		this.sk_net = net;
		this.sk_prot = prot;
		this.machine = net.machine;
	}
}

/** A full socket. */
export class sock extends sock_common {
	/** socket_lock_t.owned: a system call works on the socket. */
	sk_lock_owned = false;
	sk_drops = 0;
	sk_rcvlowat = 1;
	readonly sk_error_queue = new sk_buff_head();
	readonly sk_receive_queue = new sk_buff_head();
	/** Packets that came while the socket was owned, chained by `next`. */
	readonly sk_backlog = {
		len: 0,
		head: null as sk_buff | null,
		tail: null as sk_buff | null,
	};
	/** Bytes of truesize on the receive side. */
	sk_rmem_alloc = 0;
	sk_forward_alloc = 0;
	sk_rcvbuf = 0;
	/** Where the programs wait that use the socket; null once orphaned. */
	sk_wq: wait_queue_head | null = null;
	readonly sk_policy: [xfrm_policy | null, xfrm_policy | null] = [null, null];
	sk_rx_dst: dst_entry | null = null;
	sk_dst_cache: dst_entry | null = null;
	sk_omem_alloc = 0;
	sk_sndbuf = 0;
	sk_wmem_queued = 0;
	/** Reference count and bytes in flight in one: starts at 1. */
	sk_wmem_alloc = 1;
	sk_tsq_flags = 0;
	/** TCP: first packet not yet sent. */
	sk_send_head: sk_buff | null = null;
	readonly sk_write_queue = new sk_buff_head();
	sk_peek_off = -1;
	sk_write_pending = 0;
	sk_dst_pending_confirm = false;
	sk_pacing_status = SK_PACING_NONE;
	/** Jiffies. */
	sk_sndtimeo = MAX_SCHEDULE_TIMEOUT;
	readonly sk_timer: timer_list;
	sk_priority = 0;
	sk_mark = 0;
	/** Bytes a second. */
	sk_pacing_rate = Number.POSITIVE_INFINITY;
	sk_max_pacing_rate = Number.POSITIVE_INFINITY;
	readonly sk_frag = new page_frag();
	sk_route_caps = 0;
	sk_route_nocaps = 0;
	sk_route_forced_caps = 0;
	sk_gso_type = 0;
	sk_gso_max_size = 0;
	sk_txhash = U32_ZERO;
	sk_kern_sock = false;
	sk_no_check_tx = false;
	sk_no_check_rx = false;
	sk_userlocks = 0;
	sk_pacing_shift = 10;
	sk_type = 0;
	sk_protocol = 0;
	sk_gso_max_segs = 0;
	/** Jiffies. */
	sk_lingertime = 0;
	sk_prot_creator: proto;
	/** Positive errno. */
	sk_err = 0;
	sk_err_soft = 0;
	sk_ack_backlog = 0;
	sk_max_ack_backlog = 0;
	sk_uid = 0;
	/** Jiffies. */
	sk_rcvtimeo = MAX_SCHEDULE_TIMEOUT;
	/** Virtual ns of the last packet given to the program. */
	sk_stamp = SK_DEFAULT_STAMP;
	sk_tsflags = 0;
	sk_shutdown = 0;
	sk_socket: socket | null = null;
	sk_user_data: unknown = null;
	sk_state_change: (sk: sock) => void = sock_no_callback;
	sk_data_ready: (sk: sock) => void = sock_no_callback;
	sk_write_space: (sk: sock) => void = sock_no_callback;
	sk_error_report: (sk: sock) => void = sock_no_callback;
	sk_backlog_rcv: (sk: sock, skb: sk_buff) => number;
	sk_destruct: (sk: sock) => void = sock_no_callback;

	/**
	 * @param net namespace it lives in
	 * @param prot its protocol
	 */
	constructor(net: net, prot: proto) {
		super(net, prot);
		this.sk_prot_creator = prot;
		this.sk_timer = new timer_list(net.machine, timer_unset);
		this.sk_backlog_rcv = prot.backlog_rcv ?? backlog_unset;
	}
}

/** What a control message asks for one packet. */
export class sockcm_cookie {
	/** ns; 0 for at once. */
	transmit_time = 0;
	mark = 0;
	tsflags = 0;
}

/** Least and default buffer sizes of all protocols. */
export const sysctl_wmem_max = machine_var(() => ({ value: 212992 }));
export const sysctl_rmem_max = machine_var(() => ({ value: 212992 }));
export const sysctl_wmem_default = machine_var(() => ({ value: 212992 }));
export const sysctl_rmem_default = machine_var(() => ({ value: 212992 }));
export const sysctl_optmem_max = 20480;

/**
 * Callback of a socket that sock_init_data() has not seen yet.
 * @kernel PORT: a null pointer in C
 */
function sock_no_callback(_sk: sock): void {
	/* nothing to tell */
}

/**
 * Function of a socket timer before its protocol sets one.
 * @kernel PORT: timer_setup(&sk->sk_timer, NULL, 0) in C
 */
function timer_unset(): void {
	/* never armed */
}

/**
 * Backlog function of a protocol that has none; no packet reaches it.
 * @kernel PORT: a null pointer in C
 */
function backlog_unset(_sk: sock, _skb: sk_buff): number {
	return 0;
}

/**
 * Tells whether a socket is on no hash chain.
 * @kernel include/net/sock.h:648 (v5.10)
 */
export function sk_unhashed(sk: sock_common): boolean {
	return sk.hnnode_head === null;
}

/**
 * Tells whether a socket is on a hash chain.
 * @kernel include/net/sock.h:653 (v5.10)
 */
export function sk_hashed(sk: sock_common): boolean {
	return sk.hnnode_head !== null;
}

/**
 * Takes a reference.
 * @kernel include/net/sock.h:690 (v5.10)
 */
export function sock_hold(sk: sock_common): void {
	sk.sk_refcnt++;
}

/**
 * Drops a reference that is known not to be the last.
 * @kernel include/net/sock.h:698 (v5.10)
 */
export function __sock_put(sk: sock_common): void {
	sk.sk_refcnt--;
}

/**
 * Copies a parent's flags.
 * @kernel include/net/sock.h:868 (v5.10)
 */
export function sock_copy_flags(nsk: sock, osk: sock): void {
	nsk.sk_flags = osk.sk_flags;
}

/**
 * Sets a flag.
 * @param flag SOCK_DEAD…
 * @kernel include/net/sock.h:873 (v5.10)
 */
export function sock_set_flag(sk: sock_common, flag: number): void {
	sk.sk_flags |= 1 << flag;
}

/**
 * Clears a flag.
 * @param flag SOCK_DEAD…
 * @kernel include/net/sock.h:878 (v5.10)
 */
export function sock_reset_flag(sk: sock_common, flag: number): void {
	sk.sk_flags &= ~(1 << flag);
}

/**
 * Sets or clears a flag.
 * @param bit SOCK_DEAD…
 * @kernel include/net/sock.h:883 (v5.10)
 */
export function sock_valbool_flag(sk: sock_common, bit: number, valbool: boolean): void {
	if (valbool) sock_set_flag(sk, bit);
	else sock_reset_flag(sk, bit);
}

/**
 * Tests a flag.
 * @param flag SOCK_DEAD…
 * @kernel include/net/sock.h:892 (v5.10)
 */
export function sock_flag(sk: sock_common, flag: number): boolean {
	return (sk.sk_flags & (1 << flag)) !== 0;
}

/**
 * One connection fewer waits to be accepted.
 * @kernel include/net/sock.h:921 (v5.10)
 */
export function sk_acceptq_removed(sk: sock): void {
	sk.sk_ack_backlog--;
}

/**
 * One connection more waits to be accepted.
 * @kernel include/net/sock.h:926 (v5.10)
 */
export function sk_acceptq_added(sk: sock): void {
	sk.sk_ack_backlog++;
}

/**
 * Tells whether a listener takes no more connections.
 * @kernel include/net/sock.h:931 (v5.10)
 */
export function sk_acceptq_is_full(sk: sock): boolean {
	return sk.sk_ack_backlog > sk.sk_max_ack_backlog;
}

/**
 * Free space that makes a stream writable again, bytes.
 * @kernel include/net/sock.h:939 (v5.10)
 */
export function sk_stream_min_wspace(sk: sock): number {
	return sk.sk_wmem_queued >> 1;
}

/**
 * Free space of a stream's send buffer, bytes.
 * @kernel include/net/sock.h:944 (v5.10)
 */
export function sk_stream_wspace(sk: sock): number {
	return sk.sk_sndbuf - sk.sk_wmem_queued;
}

/**
 * Accounts bytes to the write queue.
 * @param val bytes, may be negative
 * @kernel include/net/sock.h:949 (v5.10)
 */
export function sk_wmem_queued_add(sk: sock, val: number): void {
	sk.sk_wmem_queued += val;
}

/**
 * Tells whether backlog and receive queue exceed a limit.
 * @param limit bytes of truesize
 * @kernel include/net/sock.h:976 (v5.10)
 */
export function sk_rcvqueues_full(sk: sock, limit: number): boolean {
	return sk.sk_backlog.len + sk.sk_rmem_alloc > limit;
}

/**
 * Tells whether a stream may queue more.
 * @param wake 1 when asked for waking a writer
 * @kernel include/net/sock.h:1267 (v5.10)
 */
export function __sk_stream_memory_free(sk: sock, wake: number): boolean {
	if (sk.sk_wmem_queued >= sk.sk_sndbuf) return false;
	const f = sk.sk_prot.stream_memory_free;
	return f === undefined ? true : f(sk, wake);
}

/**
 * Tells whether a stream may queue more.
 * @kernel include/net/sock.h:1276 (v5.10)
 */
export function sk_stream_memory_free(sk: sock): boolean {
	return __sk_stream_memory_free(sk, 0);
}

/**
 * Tells whether a stream has room enough to be called writable.
 * @param wake 1 when asked for waking a writer
 * @kernel include/net/sock.h:1281 (v5.10)
 */
export function __sk_stream_is_writeable(sk: sock, wake: number): boolean {
	return (
		sk_stream_wspace(sk) >= sk_stream_min_wspace(sk) &&
		__sk_stream_memory_free(sk, wake)
	);
}

/**
 * Tells whether a stream has room enough to be called writable.
 * @kernel include/net/sock.h:1287 (v5.10)
 */
export function sk_stream_is_writeable(sk: sock): boolean {
	return __sk_stream_is_writeable(sk, 0);
}

/**
 * Tells whether the protocol knows memory pressure.
 * @kernel include/net/sock.h:1303 (v5.10)
 */
export function sk_has_memory_pressure(sk: sock): boolean {
	return sk.sk_prot.memory_pressure !== undefined;
}

/**
 * Tells whether the protocol is short of memory.
 * @kernel include/net/sock.h:1308 (v5.10)
 */
export function sk_under_memory_pressure(sk: sock): boolean {
	const p = sk.sk_prot.memory_pressure;
	return p !== undefined && p.of(sk.machine).value !== 0;
}

/**
 * Pages the protocol has in use.
 * @kernel include/net/sock.h:1321 (v5.10)
 */
export function sk_memory_allocated(sk: sock): number {
	return sk.sk_prot.memory_allocated!.of(sk.machine).value;
}

/**
 * Adds pages to the protocol's count.
 * @returns the new count
 * @kernel include/net/sock.h:1327 (v5.10)
 */
export function sk_memory_allocated_add(sk: sock, amt: number): number {
	return (sk.sk_prot.memory_allocated!.of(sk.machine).value += amt);
}

/**
 * Takes pages off the protocol's count.
 * @kernel include/net/sock.h:1333 (v5.10)
 */
export function sk_memory_allocated_sub(sk: sock, amt: number): void {
	sk.sk_prot.memory_allocated!.of(sk.machine).value -= amt;
}

/**
 * One socket of the protocol fewer.
 * @kernel include/net/sock.h:1338 (v5.10)
 */
export function sk_sockets_allocated_dec(sk: sock): void {
	sk.sk_prot.sockets_allocated!.of(sk.machine).value--;
}

/**
 * One socket of the protocol more.
 * @kernel include/net/sock.h:1343 (v5.10)
 */
export function sk_sockets_allocated_inc(sk: sock): void {
	sk.sk_prot.sockets_allocated!.of(sk.machine).value++;
}

/**
 * Sockets of the protocol.
 * @kernel include/net/sock.h:1349 (v5.10)
 */
export function sk_sockets_allocated_read_positive(sk: sock): number {
	return sk.sk_prot.sockets_allocated!.of(sk.machine).value;
}

/**
 * A memory limit of the protocol, pages.
 * @param index 0 low, 1 pressure, 2 high
 * @kernel include/net/sock.h:1444 (v5.10)
 */
export function sk_prot_mem_limits(sk: sock, index: number): number {
	return sk.sk_prot.sysctl_mem!.of(sk.machine)[index];
}

/**
 * Bytes to whole pages.
 * @kernel include/net/sock.h:1456 (v5.10)
 */
export function sk_mem_pages(amt: number): number {
	return (amt + SK_MEM_QUANTUM - 1) >> SK_MEM_QUANTUM_SHIFT;
}

/**
 * Tells whether the protocol counts its memory.
 * @kernel include/net/sock.h:1461 (v5.10)
 */
export function sk_has_account(sk: sock): boolean {
	return sk.sk_prot.memory_allocated !== undefined;
}

/**
 * Charges bytes to what the socket has reserved.
 * @kernel include/net/sock.h:1501 (v5.10)
 */
export function sk_mem_charge(sk: sock, size: number): void {
	if (!sk_has_account(sk)) return;
	sk.sk_forward_alloc -= size;
}

/**
 * Gives up a system call's hold on the socket.
 * @kernel include/net/sock.h:1540 (v5.10)
 */
export function sock_release_ownership(sk: sock): void {
	sk.sk_lock_owned = false;
}

/**
 * Tells whether a system call has the socket, so that packets must go to the backlog.
 * @kernel include/net/sock.h:1632 (v5.10)
 */
export function sock_owned_by_user(sk: sock): boolean {
	return sk.sk_lock_owned;
}

/**
 * Sets up the cookie of a message from the socket's own settings.
 * @kernel include/net/sock.h:1697 (v5.10)
 */
export function sockcm_init(sockc: sockcm_cookie, sk: sock): void {
	sockc.transmit_time = 0;
	sockc.mark = 0;
	sockc.tsflags = sk.sk_tsflags;
}

/**
 * Forgets the transmit queue.
 * @kernel include/net/sock.h:1804 (v5.10)
 */
export function sk_tx_queue_clear(sk: sock): void {
	sk.sk_tx_queue_mapping = 0xffff;
}

/**
 * Ties a socket to its BSD socket.
 * @kernel include/net/sock.h:1848 (v5.10)
 */
export function sk_set_socket(sk: sock, sock: socket | null): void {
	sk.sk_socket = sock;
}

/**
 * Where the socket's programs wait.
 * @kernel include/net/sock.h:1853 (v5.10)
 */
export function sk_sleep(sk: sock): wait_queue_head | null {
	return sk.sk_wq;
}

/**
 * Cuts a socket off its BSD socket.
 * @kernel include/net/sock.h:1865 (v5.10)
 */
export function sock_orphan(sk: sock): void {
	sock_set_flag(sk, SOCK_DEAD);
	sk.sk_socket = null;
	sk.sk_wq = null;
}

/**
 * Ties a socket to a new BSD socket.
 * @kernel include/net/sock.h:1874 (v5.10)
 */
export function sock_graft(sk: sock, parent: socket): void {
	sk.sk_wq = parent.wq;
	parent.sk = sk;
	sk.sk_socket = parent;
}

/**
 * Chooses the flow hash of what the socket sends.
 * @kernel include/net/sock.h:1901 (v5.10)
 */
export function sk_set_txhash(sk: sock): void {
	const v = sk.machine.random_u32();
	sk.sk_txhash = v === 0 ? 1 : v;
}

/**
 * Chooses another flow hash, to try another path.
 * @returns whether there was one
 * @kernel include/net/sock.h:1906 (v5.10)
 */
export function sk_rethink_txhash(sk: sock): boolean {
	if (sk.sk_txhash === 0) return false;
	sk_set_txhash(sk);
	return true;
}

/**
 * The cached destination, borrowed.
 * @kernel include/net/sock.h:1916 (v5.10)
 */
export function __sk_dst_get(sk: sock): dst_entry | null {
	return sk.sk_dst_cache;
}

/**
 * The cached destination, referenced.
 * @kernel include/net/sock.h:1923 (v5.10)
 */
export function sk_dst_get(sk: sock): dst_entry | null {
	const dst = sk.sk_dst_cache;
	if (dst === null || dst.__refcnt === 0) return null;
	dst.__refcnt++;
	return dst;
}

/**
 * Notes that the peer answers, so its neighbour is alive.
 * @kernel include/net/sock.h:1996 (v5.10)
 */
export function sk_dst_confirm(sk: sock): void {
	sk.sk_dst_pending_confirm = true;
}

/**
 * Forbids route capabilities.
 * @param flags NETIF_F_*
 * @kernel include/net/sock.h:2025 (v5.10)
 */
export function sk_nocaps_add(sk: sock, flags: number): void {
	sk.sk_route_nocaps |= flags;
	sk.sk_route_caps &= ~flags;
}

/**
 * Bytes in flight on the transmit side.
 * @kernel include/net/sock.h:2088 (v5.10)
 */
export function sk_wmem_alloc_get(sk: sock): number {
	return sk.sk_wmem_alloc - 1;
}

/**
 * Bytes on the receive side.
 * @kernel include/net/sock.h:2099 (v5.10)
 */
export function sk_rmem_alloc_get(sk: sock): number {
	return sk.sk_rmem_alloc;
}

/**
 * Tells whether packets still belong to the socket.
 * @kernel include/net/sock.h:2110 (v5.10)
 */
export function sk_has_allocations(sk: sock): boolean {
	return sk_wmem_alloc_get(sk) !== 0 || sk_rmem_alloc_get(sk) !== 0;
}

/**
 * Tells whether someone waits.
 * @kernel include/net/sock.h:2146 (v5.10)
 */
export function skwq_has_sleeper(wq: wait_queue_head | null): boolean {
	return wq !== null && wq.head.length !== 0;
}

/**
 * Gives a packet the socket's flow hash.
 * @kernel include/net/sock.h:2173 (v5.10)
 */
export function skb_set_hash_from_sk(skb: sk_buff, sk: sock): void {
	if (sk.sk_txhash !== 0) {
		skb.l4_hash = true;
		skb.hash = sk.sk_txhash;
	}
}

/**
 * Takes the pending error off a socket.
 * @returns 0 or a negative errno
 * @kernel include/net/sock.h:2221 (v5.10)
 */
export function sock_error(sk: sock): number {
	const err = sk.sk_err;
	if (err === 0) return 0;
	sk.sk_err = 0;
	return -err;
}

/**
 * Free room of the send buffer, bytes.
 * @kernel include/net/sock.h:2230 (v5.10)
 */
export function sock_wspace(sk: sock): number {
	if ((sk.sk_shutdown & SEND_SHUTDOWN) !== 0) return 0;
	const amt = sk.sk_sndbuf - sk.sk_wmem_alloc;
	return amt < 0 ? 0 : amt;
}

/**
 * Shrinks the send buffer under memory pressure.
 * @kernel include/net/sock.h:2283 (v5.10)
 */
export function sk_stream_moderate_sndbuf(sk: sock): void {
	if ((sk.sk_userlocks & SOCK_SNDBUF_LOCK) !== 0) return;
	const val = Math.min(sk.sk_sndbuf, sk.sk_wmem_queued >> 1);
	sk.sk_sndbuf = Math.max(val, SOCK_MIN_SNDBUF);
}

/**
 * Tells whether the socket may send more.
 * @kernel include/net/sock.h:2326 (v5.10)
 */
export function sock_writeable(sk: sock): boolean {
	return sk.sk_wmem_alloc < sk.sk_sndbuf >> 1;
}

/**
 * How long a receive may wait, jiffies.
 * @kernel include/net/sock.h:2336 (v5.10)
 */
export function sock_rcvtimeo(sk: sock, noblock: boolean): number {
	return noblock ? 0 : sk.sk_rcvtimeo;
}

/**
 * How long a send may wait, jiffies.
 * @kernel include/net/sock.h:2341 (v5.10)
 */
export function sock_sndtimeo(sk: sock, noblock: boolean): number {
	return noblock ? 0 : sk.sk_sndtimeo;
}

/**
 * Bytes a receive waits for.
 * @kernel include/net/sock.h:2346 (v5.10)
 */
export function sock_rcvlowat(sk: sock, waitall: boolean, len: number): number {
	const v = waitall ? len : Math.min(sk.sk_rcvlowat, len);
	return v === 0 ? 1 : v;
}

/**
 * Errno of a wait that a signal ended.
 * @kernel include/net/sock.h:2356 (v5.10)
 */
export function sock_intr_errno(timeo: number): number {
	return timeo === MAX_SCHEDULE_TIMEOUT ? -512 : -4;
}

/**
 * Notes on a packet how many were dropped before it. Kept in `cb2`.
 * @kernel include/net/sock.h:2379 (v5.10)
 */
export function sock_skb_set_dropcount(sk: sock, skb: sk_buff): void {
	skb.cb2 = sock_flag(sk, SOCK_RXQ_OVFL) ? sk.sk_drops : 0;
}

/**
 * Counts a dropped packet, by segments.
 * @kernel include/net/sock.h:2385 (v5.10)
 */
export function sk_drops_add(sk: sock, skb: sk_buff): void {
	const segs = skb_shinfo(skb).gso_segs;
	sk.sk_drops += segs > 1 ? segs : 1;
}

/**
 * Namespace of a socket.
 * @kernel include/net/sock.h:2528 (v5.10)
 */
export function sock_net(sk: sock_common): net {
	return sk.sk_net;
}

/**
 * Moves a socket that nobody uses yet to a namespace.
 * @kernel include/net/sock.h:2534 (v5.10)
 */
export function sock_net_set(sk: sock_common, net: net): void {
	sk.sk_net = net;
}

/**
 * Tells whether a socket is neither a time-wait nor a request socket.
 * @kernel include/net/sock.h:2552 (v5.10)
 */
export function sk_fullsock(sk: sock_common): sk is sock {
	return ((1 << sk.sk_state) & ~(TCPF_TIME_WAIT | TCPF_NEW_SYN_RECV)) !== 0;
}

/**
 * Tells whether a lookup took a reference on this socket.
 * @kernel include/net/sock.h:2558 (v5.10)
 */
export function sk_is_refcounted(sk: sock_common): boolean {
	return !sk_fullsock(sk) || !sock_flag(sk, SOCK_RCU_FREE);
}

/**
 * Tells whether a socket is a listener or a request that belongs to one.
 * @kernel include/net/sock.h:2613 (v5.10)
 */
export function sk_listener(sk: sock_common): boolean {
	return ((1 << sk.sk_state) & (TCPF_LISTEN | TCPF_NEW_SYN_RECV)) !== 0;
}
