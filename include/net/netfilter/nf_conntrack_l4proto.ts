/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nf_conntrack_l4proto.h, base v5.10: what a layer 4 protocol adds to tracking.
 *
 * PORT: the core and the protocols need each other's functions. The protocol files import the core; the
 * core finds protocols through the table that nf_conntrack_proto_init() fills, so the functions that it
 * picks by a switch in C are members here (pkt_to_tuple, packet, error). The two tuple inversions are pure
 * and stand here, where C declares them.
 * Not ported: timeout policies, attribute policies and sizes.
 */
import type { net } from '../net_namespace.ts';
import type { nlattrs } from '../netlink.ts';
import type { sk_buff } from '../../linux/skbuff.ts';
import type { nf_hook_state } from '../../linux/netfilter.ts';
import type { nf_generic_net, nf_icmp_net, nf_tcp_net, nf_udp_net } from '../netns/conntrack.ts';
import type { nf_conn } from './nf_conntrack.ts';
import type { nf_conntrack_tuple } from './nf_conntrack_tuple.ts';

/** A tracked layer 4 protocol. */
export interface nf_conntrack_l4proto {
	/** IPPROTO_*, 255 for the one that takes all others. */
	l4proto: number;
	/** Whether clashing insertions may be resolved. */
	allow_clash: boolean;
	/** Whether an assured connection may still be dropped when the table is full. */
	can_early_drop: ((ct: nf_conn) => boolean) | null;
	/** Writes the private part as attributes. */
	to_nlattr: ((nla: nlattrs, ct: nf_conn) => void) | null;
	/** Sets the private part from attributes; returns 0 or a negative errno. */
	from_nlattr: ((tb: nlattrs, ct: nf_conn) => number) | null;
	tuple_to_nlattr: ((tb: nlattrs, t: nf_conntrack_tuple) => void) | null;
	/** Reads the attributes that flags name; returns 0 or -EINVAL. */
	nlattr_to_tuple: ((tb: nlattrs, t: nf_conntrack_tuple, flags: number) => number) | null;
	/** Text of the private part, with a space behind. */
	print_conntrack: ((ct: nf_conn) => string) | null;
	/** Fills the protocol part of a tuple; null: it has none. Returns false when the header is short. */
	pkt_to_tuple:
		| ((skb: sk_buff, dataoff: number, net: net, tuple: nf_conntrack_tuple) => boolean)
		| null;
	/** Returns a verdict, or a negated one for a packet that is not part of the connection. */
	packet: (
		ct: nf_conn,
		skb: sk_buff,
		dataoff: number,
		ctinfo: number,
		state: nf_hook_state,
	) => number;
	/** Looks at a message before any connection is looked up; returns as packet. */
	error:
		| ((
				tmpl: nf_conn | null,
				skb: sk_buff,
				dataoff: number,
				state: nf_hook_state,
		  ) => number)
		| null;
}

/* ICMP types: what answers what, plus 1; 0 for none */
const icmp_invmap: readonly number[] = [
	/* ECHOREPLY */ 8 + 1,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	/* ECHO */ 0 + 1,
	0,
	0,
	0,
	0,
	/* TIMESTAMP */ 14 + 1,
	/* TIMESTAMPREPLY */ 13 + 1,
	/* INFO_REQUEST */ 16 + 1,
	/* INFO_REPLY */ 15 + 1,
	/* ADDRESS */ 18 + 1,
	/* ADDRESSREPLY */ 17 + 1,
];

/* ICMPv6 types from 128 on: what answers what, plus 1; 0 for none */
const icmpv6_invmap: readonly number[] = [
	/* ECHO_REQUEST */ 129 + 1,
	/* ECHO_REPLY */ 128 + 1,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	/* NI_QUERY */ 140 + 1,
	/* NI_REPLY */ 139 + 1,
];

/**
 * Type that answers an ICMP type.
 * @returns the type plus 1, 0 when it has no answer
 * @kernel PORT: reads invmap of net/netfilter/nf_conntrack_proto_icmp.c
 */
export function icmp_invmap_get(type: number): number {
	return type < icmp_invmap.length ? icmp_invmap[type] : 0;
}

/**
 * Type that answers an ICMPv6 type.
 * @returns the type plus 1, 0 when it has no answer
 * @kernel PORT: reads invmap of net/netfilter/nf_conntrack_proto_icmpv6.c
 */
export function icmpv6_invmap_get(type: number): number {
	const i = type - 128;
	return i >= 0 && i < icmpv6_invmap.length ? icmpv6_invmap[i] : 0;
}

/**
 * Fills the ICMP part of a reversed tuple.
 * @returns false when nothing answers the type
 * @kernel net/netfilter/nf_conntrack_proto_icmp.c:56 (v5.10)
 */
export function nf_conntrack_invert_icmp_tuple(
	tuple: nf_conntrack_tuple,
	orig: nf_conntrack_tuple,
): boolean {
	const inv = icmp_invmap_get(orig.dst_u_icmp_type);
	if (inv === 0) return false;
	tuple.src_u_all = orig.src_u_all;
	tuple.dst_u_icmp_type = inv - 1;
	tuple.dst_u_icmp_code = orig.dst_u_icmp_code;
	return true;
}

/**
 * Fills the ICMPv6 part of a reversed tuple.
 * @returns false when nothing answers the type
 * @kernel net/netfilter/nf_conntrack_proto_icmpv6.c:68 (v5.10)
 */
export function nf_conntrack_invert_icmpv6_tuple(
	tuple: nf_conntrack_tuple,
	orig: nf_conntrack_tuple,
): boolean {
	const inv = icmpv6_invmap_get(orig.dst_u_icmp_type);
	if (inv === 0) return false;
	tuple.src_u_all = orig.src_u_all;
	tuple.dst_u_icmp_type = inv - 1;
	tuple.dst_u_icmp_code = orig.dst_u_icmp_code;
	return true;
}

/**
 * Settings for other protocols.
 * @kernel include/net/netfilter/nf_conntrack_l4proto.h:182 (v5.10)
 */
export function nf_generic_pernet(net: net): nf_generic_net {
	return net.ct.nf_ct_proto.generic;
}

/**
 * Settings for TCP.
 * @kernel include/net/netfilter/nf_conntrack_l4proto.h:187 (v5.10)
 */
export function nf_tcp_pernet(net: net): nf_tcp_net {
	return net.ct.nf_ct_proto.tcp;
}

/**
 * Settings for UDP.
 * @kernel include/net/netfilter/nf_conntrack_l4proto.h:192 (v5.10)
 */
export function nf_udp_pernet(net: net): nf_udp_net {
	return net.ct.nf_ct_proto.udp;
}

/**
 * Settings for ICMP.
 * @kernel include/net/netfilter/nf_conntrack_l4proto.h:197 (v5.10)
 */
export function nf_icmp_pernet(net: net): nf_icmp_net {
	return net.ct.nf_ct_proto.icmp;
}

/**
 * Settings for ICMPv6.
 * @kernel include/net/netfilter/nf_conntrack_l4proto.h:202 (v5.10)
 */
export function nf_icmpv6_pernet(net: net): nf_icmp_net {
	return net.ct.nf_ct_proto.icmpv6;
}
