/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/linux/socket.h with include/uapi/linux/{in,in6,if_packet}.h socket addresses and
 * include/uapi/asm-generic/socket.h, base v5.10.
 *
 * PORT: an address is an object of its family; its `family` field tells which. A message carries one
 * buffer, and its ancillary data as fields instead of cmsghdr bytes: what is null is absent.
 * Not ported: scatter/gather vectors, kernel iocbs, credentials and file descriptors in messages.
 */
import type { sock_extended_err } from '../uapi/linux/errqueue.ts';
import type { tpacket_auxdata } from '../uapi/linux/if_packet.ts';

export const AF_UNSPEC = 0;
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_BRIDGE = 7;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const AF_PACKET = 17;
export const PF_UNSPEC = AF_UNSPEC;
export const PF_INET = AF_INET;
export const PF_BRIDGE = AF_BRIDGE;
export const PF_INET6 = AF_INET6;
export const PF_NETLINK = AF_NETLINK;
export const PF_PACKET = AF_PACKET;
export const AF_MAX = 45;

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_RDM = 4;
export const SOCK_SEQPACKET = 5;
export const SOCK_DCCP = 6;
export const SOCK_PACKET = 10;

export const SOMAXCONN = 4096;

export const MSG_OOB = 1;
export const MSG_PEEK = 2;
export const MSG_DONTROUTE = 4;
export const MSG_CTRUNC = 8;
export const MSG_PROBE = 0x10;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_EOR = 0x80;
export const MSG_WAITALL = 0x100;
export const MSG_FIN = 0x200;
export const MSG_SYN = 0x400;
export const MSG_CONFIRM = 0x800;
export const MSG_RST = 0x1000;
export const MSG_ERRQUEUE = 0x2000;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_MORE = 0x8000;
export const MSG_SENDPAGE_NOTLAST = 0x20000;
export const MSG_EOF = MSG_FIN;
export const MSG_ZEROCOPY = 0x4000000;
export const MSG_FASTOPEN = 0x20000000;

export const SOL_IP = 0;
export const SOL_SOCKET = 1;
export const SOL_TCP = 6;
export const SOL_UDP = 17;
export const SOL_IPV6 = 41;
export const SOL_ICMPV6 = 58;
export const SOL_RAW = 255;
export const SOL_PACKET = 263;

/* include/uapi/asm-generic/socket.h */
export const SO_DEBUG = 1;
export const SO_REUSEADDR = 2;
export const SO_TYPE = 3;
export const SO_ERROR = 4;
export const SO_DONTROUTE = 5;
export const SO_BROADCAST = 6;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_KEEPALIVE = 9;
export const SO_OOBINLINE = 10;
export const SO_NO_CHECK = 11;
export const SO_PRIORITY = 12;
export const SO_LINGER = 13;
export const SO_REUSEPORT = 15;
export const SO_RCVLOWAT = 18;
export const SO_SNDLOWAT = 19;
export const SO_RCVTIMEO = 20;
export const SO_SNDTIMEO = 21;
export const SO_BINDTODEVICE = 25;
export const SO_PEERNAME = 28;
export const SO_TIMESTAMP = 29;
export const SO_ACCEPTCONN = 30;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
export const SO_TIMESTAMPNS = 35;
export const SO_MARK = 36;
export const SO_PROTOCOL = 38;
export const SO_DOMAIN = 39;
export const SO_RXQ_OVFL = 40;
export const SO_PEEK_OFF = 42;
export const SO_SELECT_ERR_QUEUE = 45;
export const SO_MAX_PACING_RATE = 47;
export const SO_INCOMING_CPU = 49;
export const SO_MEMINFO = 55;
export const SO_COOKIE = 57;
export const SO_BINDTOIFINDEX = 62;

/** An IPv4 address and port; numbers as the network-order bytes spell them. */
export interface sockaddr_in {
	family: typeof AF_INET;
	addr: number;
	port: number;
}

/** An IPv6 address and port. */
export interface sockaddr_in6 {
	family: typeof AF_INET6;
	/** 16 bytes. */
	addr: Uint8Array;
	port: number;
	flowinfo?: number;
	/** Interface index of a link-local address, 0 for none. */
	scope_id?: number;
}

/** A link-layer address of a packet socket. */
export interface sockaddr_ll {
	family: typeof AF_PACKET;
	/** Ethertype. */
	protocol: number;
	ifindex: number;
	hatype: number;
	pkttype: number;
	/** Hardware address, as long as it is. */
	addr: Uint8Array;
}

/** No address: dissolves a connection in connect(), is the wildcard in bind(). */
export interface sockaddr_unspec {
	family: typeof AF_UNSPEC;
}

export type sockaddr = sockaddr_in | sockaddr_in6 | sockaddr_ll | sockaddr_unspec;

/** What SO_LINGER takes. */
export interface linger {
	/** Nonzero: close() lingers. */
	l_onoff: number;
	/** Seconds. */
	l_linger: number;
}

/** IP_PKTINFO. */
export interface in_pktinfo {
	ipi_ifindex: number;
	/** Local address, network order. */
	ipi_spec_dst: number;
	/** Destination address of the header, network order. */
	ipi_addr: number;
}

/** IPV6_PKTINFO. */
export interface in6_pktinfo {
	/** 16 bytes. */
	ipi6_addr: Uint8Array;
	ipi6_ifindex: number;
}

/** IP_RECVERR and IPV6_RECVERR: an error off the error queue, and who sent it. */
export interface sock_errqueue_entry {
	ee: sock_extended_err;
	offender: sockaddr | null;
}

/** Value of a socket option: an int, a device name, raw bytes or an option's own record. */
export type sockopt_value = number | string | Uint8Array | object;

/** Where getsockopt() leaves what it answers. */
export interface sockopt_result {
	val: sockopt_value;
}

/** A message to be sent, or room for one to be received. */
export class msghdr {
	/** Destination when sending, null for the connected peer; the sender after receiving. */
	name: sockaddr | null = null;
	/** Bytes to send, or the buffer to fill. */
	data: Uint8Array;
	/** msg_iter: how many bytes of `data` are used up. */
	iter_offset = 0;
	/** msg_iter: where the data ends. */
	iter_end: number;
	/** MSG_*. */
	flags = 0;

	/* msg_control: given when sending, filled when receiving and asked for */
	ttl: number | null = null;
	tos: number | null = null;
	pktinfo: in_pktinfo | null = null;
	/** IP_RECVOPTS / IP_RETOPTS: option bytes. */
	options: Uint8Array | null = null;
	origdstaddr: sockaddr | null = null;
	recverr: sock_errqueue_entry | null = null;
	recvfragsize: number | null = null;
	hoplimit: number | null = null;
	tclass: number | null = null;
	pktinfo6: in6_pktinfo | null = null;
	/** IPV6_FLOWINFO: traffic class and flow label, network order. */
	flowinfo: number | null = null;
	/** IPV6_DONTFRAG: 0 or 1. */
	dontfrag: number | null = null;
	/** IPV6_HOPOPTS, IPV6_DSTOPTS, IPV6_RTHDR: bytes of the extension header. */
	hopopts: Uint8Array | null = null;
	dstopts: Uint8Array | null = null;
	rthdr: Uint8Array | null = null;
	/** IPV6_PATHMTU: bytes. */
	pathmtu: number | null = null;
	/** SO_MARK for this message. */
	mark: number | null = null;
	/** SO_TIMESTAMP: wall-clock ns. */
	timestamp: number | null = null;
	/** SO_RXQ_OVFL. */
	dropcount: number | null = null;
	/** PACKET_AUXDATA. */
	auxdata: tpacket_auxdata | null = null;

	/**
	 * @param data bytes to send or buffer to fill
	 * @param name destination or null
	 */
	constructor(data: Uint8Array, name: sockaddr | null = null) {
		this.data = data;
		this.iter_end = data.length;
		this.name = name;
	}
}

/**
 * Bytes of a message not yet used up.
 * @kernel include/linux/socket.h:158 (v5.10)
 */
export function msg_data_left(msg: msghdr): number {
	return msg.iter_end - msg.iter_offset;
}

/**
 * Copies bytes into the message that is being received and moves on.
 * @param from source bytes
 * @param off where they start
 * @param len how many
 * @returns bytes copied, fewer when the buffer is full
 * @kernel PORT: include/linux/uio.h copy_to_iter
 */
export function copy_to_iter(from: Uint8Array, off: number, len: number, msg: msghdr): number {
	const room = msg.iter_end - msg.iter_offset;
	const n = len < room ? len : room;
	const to = msg.data;
	let t = msg.iter_offset;
	if (n > 64) to.set(from.subarray(off, off + n), t);
	else for (let i = 0; i < n; i++) to[t++] = from[off + i];
	msg.iter_offset += n;
	return n;
}

/**
 * Copies bytes out of the message that is being sent and moves on.
 * @param to destination buffer
 * @param off where to put them
 * @param len how many
 * @returns true when there were that many
 * @kernel PORT: include/linux/uio.h copy_from_iter_full
 */
export function copy_from_iter_full(
	to: Uint8Array,
	off: number,
	len: number,
	msg: msghdr,
): boolean {
	if (msg.iter_end - msg.iter_offset < len) return false;
	const from = msg.data;
	let f = msg.iter_offset;
	if (len > 64) to.set(from.subarray(f, f + len), off);
	else for (let i = 0; i < len; i++) to[off + i] = from[f++];
	msg.iter_offset += len;
	return true;
}
