/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/linux/udp.h, base v5.10: the UDP socket.
 * Not ported: UDP-Lite, GRO of sockets, UDP_SEGMENT.
 */
import type { net } from '../net/net_namespace.ts';
import { inet_sock } from '../net/inet_sock.ts';
import { net_hash_mix } from '../net/ip.ts';
import type { proto, sock } from '../net/sock.ts';
import { sk_buff_head, type sk_buff } from './skbuff.ts';

export const UDP_HTABLE_SIZE_MIN = 256;

/** A UDP socket of either family. */
export class udp_sock extends inet_sock {
	/** Family of what is corked, 0 when nothing is. */
	pending = 0;
	corkflag = false;
	/** UDP_ENCAP_*, 0 for none. */
	encap_type = 0;
	no_check6_tx = false;
	no_check6_rx = false;
	encap_enabled = false;
	/** Bytes corked, UDP header included. */
	len = 0;
	/** Takes encapsulated packets: 0 taken, >0 go on as plain UDP, <0 resubmit to protocol -ret. */
	encap_rcv: ((sk: sock, skb: sk_buff) => number) | null = null;
	encap_destroy: ((sk: sock) => void) | null = null;
	/** What a reader took off the receive queue in one go. */
	readonly reader_queue = new sk_buff_head();
	/** Bytes freed but not yet given back. */
	forward_deficit = 0;

	/**
	 * @param net namespace it lives in
	 * @param prot its protocol
	 */
	constructor(net: net, prot: proto) {
		super(net, prot);
	}

	/** Hash of namespace and local port. */
	get udp_port_hash(): number {
		return this.sk_u16hash0;
	}
	set udp_port_hash(v: number) {
		this.sk_u16hash0 = v;
	}
	/** Hash of namespace, local address and port. */
	get udp_portaddr_hash(): number {
		return this.sk_u16hash1;
	}
	set udp_portaddr_hash(v: number) {
		this.sk_u16hash1 = v;
	}
}

/**
 * Slot of a port.
 * @param num local port, host order
 * @kernel include/linux/udp.h:33 (v5.10)
 */
export function udp_hashfn(net: net, num: number, mask: number): number {
	return ((num + net_hash_mix(net)) & mask) >>> 0;
}

/**
 * The UDP half of a socket.
 * @kernel include/linux/udp.h:96 (v5.10)
 */
export function udp_sk(sk: sock): udp_sock {
	return sk as udp_sock;
}
