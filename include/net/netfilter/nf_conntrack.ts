/* SPDX-License-Identifier: GPL-2.0 */
/*
 * include/net/netfilter/nf_conntrack.h, base v5.10: the tracked connection.
 *
 * PORT: extensions (accounting, NAT, labels) are plain fields that are null when absent. Timeouts are
 * jiffies as plain numbers. The packet's ctinfo is the field nfctinfo of the sk_buff.
 * Inlines that need net/netfilter/nf_conntrack_core.c live there (nf_ct_put needs nothing and is here).
 * Not ported: DCCP, SCTP and GRE (tracked as generic protocols), expectations, helpers, security marks,
 * event cache, time stamps, timeout policies, synproxy.
 */
import type { net } from '../net_namespace.ts';
import type { sk_buff } from '../../linux/skbuff.ts';
import { HZ } from '../../linux/machine.ts';
import { IFF_LOOPBACK } from '../../uapi/linux/if.ts';
import { nf_conntrack_put } from '../../linux/netfilter/nf_conntrack_common.ts';
import {
	nf_ct_zone_dflt,
	type nf_conntrack_zone,
} from '../../linux/netfilter/nf_conntrack_zones_common.ts';
import { ip_ct_tcp } from '../../linux/netfilter/nf_conntrack_tcp.ts';
import {
	IPS_CONFIRMED,
	IPS_DYING,
	IPS_TEMPLATE,
} from '../../uapi/linux/netfilter/nf_conntrack_common.ts';
import { IP_CT_DIR_ORIGINAL } from '../../uapi/linux/netfilter/nf_conntrack_tuple_common.ts';
import { nf_conntrack_tuple, type nf_conntrack_tuple_hash } from './nf_conntrack_tuple.ts';
import type { nf_conn_acct } from './nf_conntrack_acct.ts';
import type { nf_conn_labels } from './nf_conntrack_labels.ts';
import type { nf_conn_nat } from './nf_nat.ts';

/** Private part of a UDP connection. */
export interface nf_ct_udp {
	/** Jiffies from which on a replied connection counts as a stream, the lowest 32 bits, signed. */
	stream_ts: number;
}

/** A union in C; each connection uses the member of its protocol. */
export interface nf_conntrack_proto {
	readonly tcp: ip_ct_tcp;
	readonly udp: nf_ct_udp;
}

/** Users of connection tracking in a namespace, by family. */
export class nf_conntrack_net {
	users4 = 0;
	users6 = 0;
	users_bridge = 0;
}

/**
 * A tracked connection. Made by nf_conntrack_alloc() or, as template, by nf_ct_tmpl_alloc().
 * PORT: it is its own union proto and member for UDP; the member for TCP comes when it is asked for.
 */
export class nf_conn implements nf_conntrack_proto, nf_ct_udp {
	/** References: one of the hash table, one a packet, one a connection it is master of. */
	ct_general_use = 0;
	/** PORT: what the last nf_conntrack_put() runs. */
	destroy: (ct: nf_conn) => void;
	/** Jiffies at which it is dead, the lowest 32 bits, signed; before confirmation the span from then on. */
	timeout = 0;
	/** PORT: the default zone is one for all connections. */
	zone: Readonly<nf_conntrack_zone> = nf_ct_zone_dflt;
	readonly #original: nf_conntrack_tuple_hash;
	readonly #reply: nf_conntrack_tuple_hash;
	/** IPS_* bits. */
	status = 0;
	ct_net: net;
	/** Chain of connections by source, see net/netfilter/nf_nat_core.ts. */
	nat_bysource_next: nf_conn | null = null;
	nat_bysource_prev: nf_conn | null = null;
	/** Chain it is on, -1 for none. */
	nat_bysource_hash = -1;
	/** Connection that this one belongs to. */
	master: nf_conn | null = null;
	mark = 0;
	/* extensions */
	nat: nf_conn_nat | null = null;
	acct: nf_conn_acct | null = null;
	labels: nf_conn_labels | null = null;
	stream_ts = 0;
	#tcp: ip_ct_tcp | null = null;

	constructor(net: net, destroy: (ct: nf_conn) => void) {
		this.ct_net = net;
		this.destroy = destroy;
		this.#original = new nf_conntrack_tuple<nf_conn>(this);
		this.#reply = new nf_conntrack_tuple<nf_conn>(this);
	}

	/** By direction. PORT: the list is made for who asks; one kept in every connection would be 64 bytes. */
	get tuplehash(): readonly [nf_conntrack_tuple_hash, nf_conntrack_tuple_hash] {
		return [this.#original, this.#reply];
	}
	/** tuplehash[dir], without the list. */
	tuplehash_of(dir: number): nf_conntrack_tuple_hash {
		return dir === IP_CT_DIR_ORIGINAL ? this.#original : this.#reply;
	}

	get proto(): nf_conntrack_proto {
		return this;
	}
	get tcp(): ip_ct_tcp {
		return (this.#tcp ??= new ip_ct_tcp());
	}
	get udp(): nf_ct_udp {
		return this;
	}
}

/**
 * Connection that a hash entry belongs to.
 * @kernel include/net/netfilter/nf_conntrack.h:111 (v5.10)
 */
export function nf_ct_tuplehash_to_ctrack(hash: nf_conntrack_tuple_hash): nf_conn {
	return hash.ct;
}

/**
 * Layer 3 protocol, AF_INET or AF_INET6.
 * @kernel include/net/netfilter/nf_conntrack.h:117 (v5.10)
 */
export function nf_ct_l3num(ct: nf_conn): number {
	return ct.tuplehash_of(IP_CT_DIR_ORIGINAL).tuple.src_l3num;
}

/**
 * Layer 4 protocol, IPPROTO_*.
 * @kernel include/net/netfilter/nf_conntrack.h:122 (v5.10)
 */
export function nf_ct_protonum(ct: nf_conn): number {
	return ct.tuplehash_of(IP_CT_DIR_ORIGINAL).tuple.dst_protonum;
}

/**
 * Tuple of a direction.
 * @param dir IP_CT_DIR_*
 * @kernel include/net/netfilter/nf_conntrack.h:127 (v5.10)
 */
export function nf_ct_tuple(ct: nf_conn, dir: number): nf_conntrack_tuple {
	return ct.tuplehash_of(dir).tuple;
}

/**
 * Connection that this one belongs to, or null.
 * @kernel include/net/netfilter/nf_conntrack.h:130 (v5.10)
 */
export function master_ct(conntr: nf_conn): nf_conn | null {
	return conntr.master;
}

/**
 * Namespace of a connection.
 * @kernel include/net/netfilter/nf_conntrack.h:134 (v5.10)
 */
export function nf_ct_net(ct: nf_conn): net {
	return ct.ct_net;
}

/**
 * Connection of a packet, or null; its state is skb.nfctinfo.
 * @kernel include/net/netfilter/nf_conntrack.h:150 (v5.10)
 */
export function nf_ct_get(skb: sk_buff): nf_conn | null {
	return skb._nfct;
}

/**
 * Drops a reference on a connection.
 * @kernel include/net/netfilter/nf_conntrack.h:159 (v5.10)
 */
export function nf_ct_put(ct: nf_conn): void {
	nf_conntrack_put(ct);
}

/**
 * Tells whether it is a template that a rule made, no connection.
 * @kernel include/net/netfilter/nf_conntrack.h:238 (v5.10)
 */
export function nf_ct_is_template(ct: nf_conn): boolean {
	return (ct.status & IPS_TEMPLATE) !== 0;
}

/**
 * Tells whether it is, or has been, in the hash table.
 * @kernel include/net/netfilter/nf_conntrack.h:244 (v5.10)
 */
export function nf_ct_is_confirmed(ct: nf_conn): boolean {
	return (ct.status & IPS_CONFIRMED) !== 0;
}

/**
 * Tells whether it is being removed.
 * @kernel include/net/netfilter/nf_conntrack.h:249 (v5.10)
 */
export function nf_ct_is_dying(ct: nf_conn): boolean {
	return (ct.status & IPS_DYING) !== 0;
}

/**
 * Tells whether a packet came over loopback.
 * @kernel include/net/netfilter/nf_conntrack.h:255 (v5.10)
 */
export function nf_is_loopback_packet(skb: sk_buff): boolean {
	return skb.dev !== null && skb.skb_iif !== 0 && (skb.dev.flags & IFF_LOOPBACK) !== 0;
}

/**
 * Present time of a connection's clock: the lowest 32 bits of jiffies, signed.
 * @kernel PORT: the macro nfct_time_stamp, of the machine at hand
 */
export function nfct_time_stamp(net: net): number {
	return net.machine.jiffies | 0;
}

/**
 * Jiffies until a connection expires, 0 when it has.
 * @kernel include/net/netfilter/nf_conntrack.h:263 (v5.10)
 */
export function nf_ct_expires(ct: nf_conn): number {
	const timeout = (ct.timeout - nfct_time_stamp(ct.ct_net)) | 0;
	return timeout > 0 ? timeout : 0;
}

/**
 * Tells whether a connection's time is over.
 * @kernel include/net/netfilter/nf_conntrack.h:270 (v5.10)
 */
export function nf_ct_is_expired(ct: nf_conn): boolean {
	return ((ct.timeout - nfct_time_stamp(ct.ct_net)) | 0) <= 0;
}

/**
 * Tells whether a connection may be removed; the caller holds a reference.
 * @kernel include/net/netfilter/nf_conntrack.h:276 (v5.10)
 */
export function nf_ct_should_gc(ct: nf_conn): boolean {
	return nf_ct_is_expired(ct) && nf_ct_is_confirmed(ct) && !nf_ct_is_dying(ct);
}

export const NF_CT_DAY = 86400 * HZ;

/**
 * Keeps an offloaded connection far from expiry: a day ahead, renewed at half of it.
 * @kernel include/net/netfilter/nf_conntrack.h:288 (v5.10)
 */
export function nf_ct_offload_timeout(ct: nf_conn): void {
	if (nf_ct_expires(ct) < NF_CT_DAY / 2)
		ct.timeout = (nfct_time_stamp(ct.ct_net) + NF_CT_DAY) | 0;
}

/**
 * Sets a packet's connection and its state; the packet takes over the caller's reference.
 * @param info IP_CT_*
 * @kernel include/net/netfilter/nf_conntrack.h:329 (v5.10)
 */
export function nf_ct_set(skb: sk_buff, ct: nf_conn | null, info: number): void {
	skb._nfct = ct;
	skb.nfctinfo = info;
}
