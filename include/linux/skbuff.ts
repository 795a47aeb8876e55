/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/linux/skbuff.h, base v5.10: the packet.
 *
 * `head` is one Uint8Array; `data`, `tail`, `end` and the header offsets count from its start. Payload
 * fragments are held by reference in the shared info, so that a 64 KB segment moves without a copy. The
 * VLAN tag beside the packet (vlan_proto, vlan_tci, vlan_present) and a tag in the bytes are two things.
 *
 * PORT: control blocks (`cb`) do not overlay each other: each layer has its own object, made once and
 * kept with the pooled sk_buff. `_nfct` and its ctinfo, and the dst and its reference bit, are two
 * fields each. The head buffer belongs to the shared info as it does in memory.
 * Inlines that need net/core/skbuff.c live at the top of net/core/skbuff.ts.
 * Not ported: page pools, zero copy, timestamps in hardware, SCTP and tunnel offload fields, fclones.
 */
import { U32_ZERO } from './types.ts';
import type { net_device } from './netdevice.ts';
import type { sock } from '../net/sock.ts';
import type { dst_entry } from '../net/dst.ts';
import type { nf_conn } from '../net/netfilter/nf_conntrack.ts';
import type { inet_skb_parm } from '../net/ip.ts';
import type { inet6_skb_parm } from './ipv6.ts';
import type { tcp_skb_cb } from '../net/tcp.ts';
import type { sec_path } from '../net/xfrm.ts';
import type { sock_exterr_skb } from './errqueue.ts';
import type { Machine } from './machine.ts';
import { get_page, type page, put_page } from './mm.ts';
import { ETH_P_8021AD, ETH_P_8021Q } from '../uapi/linux/if_ether.ts';
import type { __be16, __wsum } from './types.ts';

export const CHECKSUM_NONE = 0;
export const CHECKSUM_UNNECESSARY = 1;
export const CHECKSUM_COMPLETE = 2;
export const CHECKSUM_PARTIAL = 3;

export const MAX_SKB_FRAGS = 17;

export const SKB_DATAREF_SHIFT = 16;
export const SKB_DATAREF_MASK = (1 << SKB_DATAREF_SHIFT) - 1;

/** A fragment may be written by others, as those of sendfile(): bit of skb_shared_info.tx_flags. */
export const SKBTX_SHARED_FRAG = 1 << 5;

export const SKB_GSO_TCPV4 = 1 << 0;
export const SKB_GSO_DODGY = 1 << 1;
export const SKB_GSO_TCP_ECN = 1 << 2;
export const SKB_GSO_TCP_FIXEDID = 1 << 3;
export const SKB_GSO_TCPV6 = 1 << 4;
export const SKB_GSO_ESP = 1 << 15;
export const SKB_GSO_UDP_L4 = 1 << 17;

export const PACKET_HOST = 0;
export const PACKET_BROADCAST = 1;
export const PACKET_MULTICAST = 2;
export const PACKET_OTHERHOST = 3;
export const PACKET_OUTGOING = 4;
export const PACKET_LOOPBACK = 5;

/** A span of a page that a packet refers to. */
export class skb_frag_t {
	bv_page: page;
	bv_len: number;
	bv_offset: number;

	constructor(page: page, offset: number, size: number) {
		this.bv_page = page;
		this.bv_len = size;
		this.bv_offset = offset;
	}
}

/** What all clones of a packet share: the head buffer, the fragments and the GSO description. */
export class skb_shared_info {
	/** PORT: the buffer that the shared info follows in memory. */
	readonly head: Uint8Array;
	/** PORT: the same bytes for reads and writes of 16 and 32 bits. */
	readonly view: DataView;
	/** PORT: where the buffer goes when it is free. */
	readonly pool: skb_pool;
	nr_frags = 0;
	tx_flags = 0;
	/** Payload bytes a segment, 0 when the packet is not GSO. */
	gso_size = 0;
	gso_segs = 0;
	frag_list: sk_buff | null = null;
	gso_type = 0;
	/**
	 * sk_buffs that use this buffer, and from bit SKB_DATAREF_SHIFT on those of them that do so for the
	 * payload only.
	 */
	dataref = 1;
	readonly frags: skb_frag_t[] = [];

	constructor(head: Uint8Array, pool: skb_pool) {
		this.head = head;
		this.pool = pool;
		this.view = new DataView(head.buffer, head.byteOffset, head.length);
	}
}

/** Control block of the bridge input path. */
export class br_input_skb_cb {
	brdev: net_device | null = null;
	frag_max_size = 0;
	/** Type of the group message of IGMP or MLD that the packet is, 0 for none. */
	igmp = 0;
	mrouters_only = false;
	proxyarp_replied = false;
	src_port_isolated = false;
	vlan_filtered = false;
	br_netfilter_broute = false;
	/** PORT: whether a bridge has had the packet; if not, all is zero. */
	in_use = false;

	/** Forgets everything. */
	clear(): void {
		if (!this.in_use) return;
		this.brdev = null;
		this.frag_max_size = 0;
		this.igmp = 0;
		this.mrouters_only = false;
		this.proxyarp_replied = false;
		this.src_port_isolated = false;
		this.vlan_filtered = false;
		this.br_netfilter_broute = false;
		this.in_use = false;
	}

	/** Becomes a copy of another. */
	assign(o: br_input_skb_cb): void {
		if (!o.in_use && !this.in_use) return;
		this.brdev = o.brdev;
		this.frag_max_size = o.frag_max_size;
		this.igmp = o.igmp;
		this.mrouters_only = o.mrouters_only;
		this.proxyarp_replied = o.proxyarp_replied;
		this.src_port_isolated = o.src_port_isolated;
		this.vlan_filtered = o.vlan_filtered;
		this.br_netfilter_broute = o.br_netfilter_broute;
		this.in_use = o.in_use;
	}
}

/** A packet. Made by alloc_skb(), given back by kfree_skb(); see net/core/skbuff.ts. */
export class sk_buff {
	next: sk_buff | null = null;
	prev: sk_buff | null = null;
	dev: net_device | null = null;
	sk: sock | null = null;
	/** Virtual ns; skb_mstamp_ns of TCP. */
	tstamp = U32_ZERO;

	/* control blocks */
	/** IPCB(skb); always present once an IPv4 path has touched the packet. */
	ipcb: inet_skb_parm | null = null;
	ip6cb: inet6_skb_parm | null = null;
	tcpcb: tcp_skb_cb | null = null;
	brcb: br_input_skb_cb | null = null;
	/** SKB_EXT_ERR(skb): set while the packet is on an error queue. */
	exterr: sock_exterr_skb | null = null;
	/** Scratch numbers of queues that use the C control block for themselves (defrag offset, neigh, xfrm seq…). */
	cb0 = 0;
	cb1 = 0;
	cb2 = 0;

	_dst: dst_entry | null = null;
	/** True when `_dst` is borrowed (SKB_DST_NOREF). */
	_dst_noref = false;
	destructor: ((skb: sk_buff) => void) | null = null;
	_nfct: nf_conn | null = null;
	nfctinfo = 0;
	/** Path the packet took through IPsec, newest last (skb extension SKB_EXT_SEC_PATH). */
	sp: sec_path | null = null;

	/** Bytes in all: linear data, fragments and fragment list. */
	len = 0;
	/** Bytes outside the linear data. */
	data_len = 0;
	mac_len = 0;
	hdr_len = 0;

	cloned = false;
	nohdr = false;
	peeked = false;
	pkt_type = PACKET_HOST;
	ignore_df = false;
	nf_trace = false;
	ip_summed = CHECKSUM_NONE;
	ooo_okay = false;
	l4_hash = false;
	encapsulation = false;
	csum_valid = false;
	vlan_present = false;
	csum_complete_sw = false;
	csum_level = 0;
	dst_pending_confirm = false;

	csum: __wsum = U32_ZERO;
	/** Offset from head of where a checksum to be completed starts. */
	csum_start = 0;
	/** Offset from csum_start of where it is stored. */
	csum_offset = 0;
	priority = 0;
	skb_iif = 0;
	hash = U32_ZERO;
	vlan_proto: __be16 = 0 as __be16;
	vlan_tci = 0;
	mark = 0;

	/** Ethertype of what `network_header` points at; network order. */
	protocol: __be16 = 0 as __be16;
	/** Offsets from head; -1 when not set. */
	transport_header = -1;
	network_header = 0;
	mac_header = -1;
	tail = 0;
	end = 0;

	head: Uint8Array;
	/** PORT: the bytes of head; 16 and 32 bits in network order at once. */
	view: DataView;
	data = 0;
	truesize = 0;
	/** References to this sk_buff. */
	users = 1;
	shinfo: skb_shared_info;
	readonly machine: Machine;

	constructor(machine: Machine, shinfo: skb_shared_info) {
		this.machine = machine;
		this.shinfo = shinfo;
		this.head = shinfo.head;
		this.view = shinfo.view;
	}
}

/** PORT: free sk_buffs, one linked to another by `prev`. */
export class skb_pool {
	first: sk_buff | null = null;
	count = 0;
}

/** A queue of packets: a ring through its own `next` and `prev` in C, an array of pointers here by list ends. */
export class sk_buff_head {
	first: sk_buff | null = null;
	last: sk_buff | null = null;
	qlen = 0;
}

/**
 * The part of a packet that its clones share.
 * @kernel include/linux/skbuff.h:1426 (v5.10)
 */
export function skb_shinfo(skb: sk_buff): skb_shared_info {
	return skb.shinfo;
}

/**
 * Tells whether a queue is empty.
 * @kernel include/linux/skbuff.h:1521 (v5.10)
 */
export function skb_queue_empty(list: sk_buff_head): boolean {
	return list.qlen === 0;
}

/**
 * Takes a reference on a packet.
 * @kernel include/linux/skbuff.h:1608 (v5.10)
 */
export function skb_get(skb: sk_buff): sk_buff {
	skb.users++;
	return skb;
}

/**
 * Tells whether the data is shared with a clone.
 * @kernel include/linux/skbuff.h:1626 (v5.10)
 */
export function skb_cloned(skb: sk_buff): boolean {
	return skb.cloned && (skb.shinfo.dataref & SKB_DATAREF_MASK) !== 1;
}

/**
 * Tells whether the header part may not be written.
 * @kernel include/linux/skbuff.h:1649 (v5.10)
 */
export function skb_header_cloned(skb: sk_buff): boolean {
	if (!skb.cloned) return false;
	const { dataref } = skb.shinfo;
	return (dataref & SKB_DATAREF_MASK) - (dataref >> SKB_DATAREF_SHIFT) !== 1;
}

/**
 * Leaves the header part to clones: what this one has there is not looked at any more.
 * @kernel include/linux/skbuff.h:1675 (v5.10)
 */
export function __skb_header_release(skb: sk_buff): void {
	skb.nohdr = true;
	skb.shinfo.dataref = 1 + (1 << SKB_DATAREF_SHIFT);
}

/**
 * Tells whether someone else holds this sk_buff.
 * @kernel include/linux/skbuff.h:1689 (v5.10)
 */
export function skb_shared(skb: sk_buff): boolean {
	return skb.users !== 1;
}

/**
 * Tells whether an out-of-band VLAN tag is present.
 * @kernel include/linux/if_vlan.h:77 (v5.10)
 */
export function skb_vlan_tag_present(skb: sk_buff): boolean {
	return skb.vlan_present;
}

/**
 * Forgets the out-of-band VLAN tag.
 * @kernel include/linux/if_vlan.h:467 (v5.10)
 */
export function __vlan_hwaccel_clear_tag(skb: sk_buff): void {
	skb.vlan_present = false;
}

/**
 * Sets the out-of-band VLAN tag.
 * @param vlan_proto ethertype of the tag, network order
 * @param vlan_tci 16 bits: priority, DEI, id; host order
 * @kernel include/linux/if_vlan.h:512 (v5.10)
 */
export function __vlan_hwaccel_put_tag(skb: sk_buff, vlan_proto: __be16, vlan_tci: number): void {
	skb.vlan_proto = vlan_proto;
	skb.vlan_tci = vlan_tci;
	skb.vlan_present = true;
}

/**
 * Tells whether an ethertype is a VLAN tag's.
 * @kernel include/linux/if_vlan.h:302 (v5.10)
 */
export function eth_type_vlan(ethertype: __be16): boolean {
	return ethertype === ETH_P_8021Q || ethertype === ETH_P_8021AD;
}

/**
 * First packet of a queue, or null.
 * @kernel include/linux/skbuff.h:1772 (v5.10)
 */
export function skb_peek(list: sk_buff_head): sk_buff | null {
	return list.first;
}

/**
 * Last packet of a queue, or null.
 * @kernel include/linux/skbuff.h:1824 (v5.10)
 */
export function skb_peek_tail(list: sk_buff_head): sk_buff | null {
	return list.last;
}

/**
 * Number of packets in a queue.
 * @kernel include/linux/skbuff.h:1840 (v5.10)
 */
export function skb_queue_len(list: sk_buff_head): number {
	return list.qlen;
}

/**
 * Sets up an empty queue.
 * @kernel include/linux/skbuff.h:1881 (v5.10)
 */
export function skb_queue_head_init(list: sk_buff_head): void {
	list.first = null;
	list.last = null;
	list.qlen = 0;
}

/**
 * Moves all packets of a queue behind another and leaves the first empty.
 * @kernel include/linux/skbuff.h:1981 (v5.10)
 */
export function skb_queue_splice_tail_init(list: sk_buff_head, head: sk_buff_head): void {
	if (list.first === null) return;
	list.first.prev = head.last;
	if (head.last !== null) head.last.next = list.first;
	else head.first = list.first;
	head.last = list.last;
	head.qlen += list.qlen;
	skb_queue_head_init(list);
}

/**
 * Puts a packet behind another in a queue.
 * @kernel include/linux/skbuff.h:2002 (v5.10)
 */
export function __skb_queue_after(list: sk_buff_head, prev: sk_buff, newsk: sk_buff): void {
	newsk.prev = prev;
	newsk.next = prev.next;
	if (prev.next !== null) prev.next.prev = newsk;
	else list.last = newsk;
	prev.next = newsk;
	list.qlen++;
}

/**
 * Puts a packet before another in a queue.
 * @kernel include/linux/skbuff.h:2012 (v5.10)
 */
export function __skb_queue_before(list: sk_buff_head, next: sk_buff, newsk: sk_buff): void {
	newsk.next = next;
	newsk.prev = next.prev;
	if (next.prev !== null) next.prev.next = newsk;
	else list.first = newsk;
	next.prev = newsk;
	list.qlen++;
}

/**
 * Puts a packet in front of a queue.
 * @kernel include/linux/skbuff.h:2029 (v5.10)
 */
export function __skb_queue_head(list: sk_buff_head, newsk: sk_buff): void {
	newsk.prev = null;
	newsk.next = list.first;
	if (list.first !== null) list.first.prev = newsk;
	else list.last = newsk;
	list.first = newsk;
	list.qlen++;
}

/**
 * Puts a packet behind a queue.
 * @kernel include/linux/skbuff.h:2046 (v5.10)
 */
export function __skb_queue_tail(list: sk_buff_head, newsk: sk_buff): void {
	newsk.next = null;
	newsk.prev = list.last;
	if (list.last !== null) list.last.next = newsk;
	else list.first = newsk;
	list.last = newsk;
	list.qlen++;
}

/**
 * Takes a packet out of the queue it is in.
 * @kernel include/linux/skbuff.h:2058 (v5.10)
 */
export function __skb_unlink(skb: sk_buff, list: sk_buff_head): void {
	if (skb.prev !== null) skb.prev.next = skb.next;
	else list.first = skb.next;
	if (skb.next !== null) skb.next.prev = skb.prev;
	else list.last = skb.prev;
	skb.next = null;
	skb.prev = null;
	list.qlen--;
}

/**
 * Takes the first packet off a queue.
 * @returns the packet or null
 * @kernel include/linux/skbuff.h:2078 (v5.10)
 */
export function __skb_dequeue(list: sk_buff_head): sk_buff | null {
	const skb = list.first;
	if (skb !== null) __skb_unlink(skb, list);
	return skb;
}

/**
 * Takes the last packet off a queue.
 * @returns the packet or null
 * @kernel include/linux/skbuff.h:2095 (v5.10)
 */
export function __skb_dequeue_tail(list: sk_buff_head): sk_buff | null {
	const skb = list.last;
	if (skb !== null) __skb_unlink(skb, list);
	return skb;
}

/**
 * Tells whether part of the packet lies outside the linear data.
 * @kernel include/linux/skbuff.h:2105 (v5.10)
 */
export function skb_is_nonlinear(skb: sk_buff): boolean {
	return skb.data_len !== 0;
}

/**
 * Bytes of linear data.
 * @kernel include/linux/skbuff.h:2110 (v5.10)
 */
export function skb_headlen(skb: sk_buff): number {
	return skb.len - skb.data_len;
}

/**
 * Bytes before the data.
 * @kernel include/linux/skbuff.h:2339 (v5.10)
 */
export function skb_headroom(skb: sk_buff): number {
	return skb.data;
}

/**
 * Bytes behind the linear data, 0 when the packet has fragments.
 * @kernel include/linux/skbuff.h:2350 (v5.10)
 */
export function skb_tailroom(skb: sk_buff): number {
	return skb.data_len !== 0 ? 0 : skb.end - skb.tail;
}

/**
 * Moves the empty packet's data start, to make room for headers.
 * @kernel include/linux/skbuff.h:2378 (v5.10)
 */
export function skb_reserve(skb: sk_buff, len: number): void {
	skb.data += len;
	skb.tail += len;
}

/**
 * Recomputes mac_len from the header offsets.
 * @kernel include/linux/skbuff.h:2432 (v5.10)
 */
export function skb_reset_mac_len(skb: sk_buff): void {
	skb.mac_len = skb.network_header - skb.mac_header;
}

/**
 * Tells whether the transport header is known.
 * @kernel include/linux/skbuff.h:2493 (v5.10)
 */
export function skb_transport_header_was_set(skb: sk_buff): boolean {
	return skb.transport_header >= 0;
}

/**
 * Marks the present data start as the transport header.
 * @kernel include/linux/skbuff.h:2503 (v5.10)
 */
export function skb_reset_transport_header(skb: sk_buff): void {
	skb.transport_header = skb.data;
}

/**
 * Sets the transport header at an offset from data.
 * @kernel include/linux/skbuff.h:2508 (v5.10)
 */
export function skb_set_transport_header(skb: sk_buff, offset: number): void {
	skb.transport_header = skb.data + offset;
}

/**
 * Marks the present data start as the network header.
 * @kernel include/linux/skbuff.h:2520 (v5.10)
 */
export function skb_reset_network_header(skb: sk_buff): void {
	skb.network_header = skb.data;
}

/**
 * Sets the network header at an offset from data.
 * @kernel include/linux/skbuff.h:2525 (v5.10)
 */
export function skb_set_network_header(skb: sk_buff, offset: number): void {
	skb.network_header = skb.data + offset;
}

/**
 * Length of the MAC header.
 * @kernel include/linux/skbuff.h:2541 (v5.10)
 */
export function skb_mac_header_len(skb: sk_buff): number {
	return skb.network_header - skb.mac_header;
}

/**
 * Tells whether the MAC header is known.
 * @kernel include/linux/skbuff.h:2546 (v5.10)
 */
export function skb_mac_header_was_set(skb: sk_buff): boolean {
	return skb.mac_header >= 0;
}

/**
 * Marks the present data start as the MAC header.
 * @kernel include/linux/skbuff.h:2556 (v5.10)
 */
export function skb_reset_mac_header(skb: sk_buff): void {
	skb.mac_header = skb.data;
}

/**
 * Sets the MAC header at an offset from data.
 * @kernel include/linux/skbuff.h:2561 (v5.10)
 */
export function skb_set_mac_header(skb: sk_buff, offset: number): void {
	skb.mac_header = skb.data + offset;
}

/**
 * Offset of the checksum start from data.
 * @kernel include/linux/skbuff.h:2594 (v5.10)
 */
export function skb_checksum_start_offset(skb: sk_buff): number {
	return skb.csum_start - skb.data;
}

/**
 * Offset of the transport header from data.
 * @kernel include/linux/skbuff.h:2604 (v5.10)
 */
export function skb_transport_offset(skb: sk_buff): number {
	return skb.transport_header - skb.data;
}

/**
 * Length of the network header.
 * @kernel include/linux/skbuff.h:2609 (v5.10)
 */
export function skb_network_header_len(skb: sk_buff): number {
	return skb.transport_header - skb.network_header;
}

/**
 * Offset of the network header from data.
 * @kernel include/linux/skbuff.h:2619 (v5.10)
 */
export function skb_network_offset(skb: sk_buff): number {
	return skb.network_header - skb.data;
}

/**
 * Takes a reference on the page of a fragment.
 * @kernel include/linux/skbuff.h:2994 (v5.10)
 */
export function __skb_frag_ref(frag: skb_frag_t): void {
	get_page(frag.bv_page);
}

/**
 * Takes a reference on the page of a packet's fragment.
 * @param f its number
 * @kernel include/linux/skbuff.h:3006 (v5.10)
 */
export function skb_frag_ref(skb: sk_buff, f: number): void {
	__skb_frag_ref(skb.shinfo.frags[f]);
}

/**
 * Drops the reference on the page of a fragment.
 * @kernel include/linux/skbuff.h:3017 (v5.10)
 */
export function __skb_frag_unref(frag: skb_frag_t): void {
	put_page(frag.bv_page);
}

/**
 * Drops the reference on the page of a packet's fragment.
 * @param f its number
 * @kernel include/linux/skbuff.h:3029 (v5.10)
 */
export function skb_frag_unref(skb: sk_buff, f: number): void {
	__skb_frag_unref(skb.shinfo.frags[f]);
}

/**
 * Tells whether the first bytes may be written in place.
 * @param len bytes from data on
 * @kernel include/linux/skbuff.h:3143 (v5.10)
 */
export function skb_clone_writable(skb: sk_buff, len: number): boolean {
	return !skb_header_cloned(skb) && skb_headroom(skb) + len <= skb.hdr_len;
}

/**
 * Tells whether a fragment may be written by others while the packet is under way.
 * @kernel include/linux/skbuff.h:3318 (v5.10)
 */
export function skb_has_shared_frag(skb: sk_buff): boolean {
	return skb_is_nonlinear(skb) && (skb.shinfo.tx_flags & SKBTX_SHARED_FRAG) !== 0;
}

/**
 * Tells whether the transport header checksum needs no check in software.
 * @kernel include/linux/skbuff.h:3895 (v5.10)
 */
export function skb_csum_unnecessary(skb: sk_buff): boolean {
	return (
		skb.ip_summed === CHECKSUM_UNNECESSARY ||
		skb.csum_valid ||
		(skb.ip_summed === CHECKSUM_PARTIAL && skb.csum_start >= skb.data)
	);
}

/**
 * Tells whether a packet stands for several segments.
 * @kernel include/linux/skbuff.h:4452 (v5.10)
 */
export function skb_is_gso(skb: sk_buff): boolean {
	return skb.shinfo.gso_size !== 0;
}

/**
 * Tells whether a packet is TCP GSO of either family.
 * @kernel include/linux/skbuff.h:4470 (v5.10)
 */
export function skb_is_gso_tcp(skb: sk_buff): boolean {
	return (skb.shinfo.gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)) !== 0;
}
