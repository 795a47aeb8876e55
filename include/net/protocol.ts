/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/net/protocol.h, base v5.10: tables of transport protocols.
 *
 * PORT: the arrays belong to the machine. Adding to them is in net/ipv4/protocol.ts and
 * net/ipv6/protocol.ts.
 */
import type { inet6_skb_parm } from '../linux/ipv6.ts';
import { machine_var } from '../linux/machine.ts';
import type { proto_ops } from '../linux/net.ts';
import type { sk_buff } from '../linux/skbuff.ts';
import type { proto } from './sock.ts';

export const MAX_INET_PROTOS = 256;

/** A transport protocol over IPv4. */
export interface net_protocol {
	/** Finds the socket of a packet before it is routed; 0 or a negative errno. */
	early_demux?: (skb: sk_buff) => number;
	early_demux_handler?: (skb: sk_buff) => number;
	/** Takes the packet, data at the transport header. Negative: resubmit to protocol -ret. */
	handler: (skb: sk_buff) => number;
	/** Told of an ICMP error; data at the quoted IP header. `info` is the MTU of a "fragmentation needed". */
	err_handler?: (skb: sk_buff, info: number) => number;
	/** True when the protocol asks for the policy check itself. */
	no_policy: boolean;
	netns_ok: boolean;
	icmp_strict_tag_validation: boolean;
}

/** A transport protocol or extension header over IPv6. */
export interface inet6_protocol {
	early_demux?: (skb: sk_buff) => void;
	early_demux_handler?: (skb: sk_buff) => void;
	/** Positive: go on with that next header; negative or 0: done. */
	handler: (skb: sk_buff) => number;
	err_handler?: (
		skb: sk_buff,
		opt: inet6_skb_parm,
		type: number,
		code: number,
		offset: number,
		info: number,
	) => number;
	/** INET6_PROTO_* */
	flags: number;
}
export const INET6_PROTO_NOPOLICY = 0x1;
export const INET6_PROTO_FINAL = 0x2;

/** Cuts large packets of a protocol into segments. */
export interface net_offload {
	/**
	 * Returns the first segment (chained by `next`), null when the packet goes out as it is, or a
	 * negative errno.
	 */
	gso_segment?: (skb: sk_buff, features: number) => sk_buff | null | number;
	flags: number;
}
export const INET6_PROTO_GSO_EXTHDR = 0x1;

/** What a (type, protocol) pair of socket() means. */
export interface inet_protosw {
	type: number;
	protocol: number;
	prot: proto;
	ops: proto_ops;
	/** INET_PROTOSW_* */
	flags: number;
}
export const INET_PROTOSW_REUSE = 0x01;
export const INET_PROTOSW_PERMANENT = 0x02;
export const INET_PROTOSW_ICSK = 0x04;

export const inet_protos = machine_var(() =>
	new Array<net_protocol | null>(MAX_INET_PROTOS).fill(null),
);
export const inet_offloads = machine_var(() =>
	new Array<net_offload | null>(MAX_INET_PROTOS).fill(null),
);
export const inet6_protos = machine_var(() =>
	new Array<inet6_protocol | null>(MAX_INET_PROTOS).fill(null),
);
export const inet6_offloads = machine_var(() =>
	new Array<net_offload | null>(MAX_INET_PROTOS).fill(null),
);
