// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/core/skbuff.c, base v5.10: life, copying and reshaping of packets.
 *
 * PORT: sk_buffs and head buffers come from free lists on the machine, by powers of two. A packet has the room it
 * asked for and no more, as ksize() of SLOB has it: of the allocators only that one gives the windows of the
 * recordings, which follow from truesize. Allocation does not fail. Offsets take the place of pointers:
 * skb_put() and skb_push() answer an offset in skb.head. Packets that refer to pages share them; a page
 * is never written once a packet refers to that span.
 * Not ported: zero copy, splice, hardware timestamps, GRO, text search, MPLS, page fragment heads,
 * fclones, partial GSO: no path of this world reaches them.
 */
import type { Machine } from '../../include/linux/machine.ts';
import { get_page, type page } from '../../include/linux/mm.ts';
import type { net_device } from '../../include/linux/netdevice.ts';
import {
	__skb_dequeue,
	__skb_dequeue_tail,
	__skb_frag_ref,
	__skb_frag_unref,
	__skb_queue_after,
	__skb_queue_head,
	__skb_queue_tail,
	__skb_unlink,
	__vlan_hwaccel_clear_tag,
	__vlan_hwaccel_put_tag,
	br_input_skb_cb,
	CHECKSUM_COMPLETE,
	CHECKSUM_NONE,
	CHECKSUM_PARTIAL,
	eth_type_vlan,
	MAX_SKB_FRAGS,
	PACKET_HOST,
	sk_buff,
	type sk_buff_head,
	skb_clone_writable,
	skb_frag_ref,
	skb_cloned,
	SKB_DATAREF_SHIFT,
	skb_frag_t,
	skb_frag_unref,
	SKB_GSO_TCPV4,
	SKB_GSO_TCPV6,
	SKB_GSO_UDP_L4,
	skb_has_shared_frag,
	skb_header_cloned,
	skb_headlen,
	skb_headroom,
	skb_is_nonlinear,
	type skb_pool,
	skb_reserve,
	skb_reset_mac_len,
	skb_reset_network_header,
	skb_reset_transport_header,
	skb_set_network_header,
	skb_shared,
	skb_shared_info,
	skb_tailroom,
	skb_transport_offset,
	skb_vlan_tag_present,
	SKBTX_SHARED_FRAG,
} from '../../include/linux/skbuff.ts';
import { EFAULT, EINVAL, EMSGSIZE, ENOMEM } from '../../include/uapi/linux/errno.ts';
import {
	NETIF_F_HW_CSUM,
	NETIF_F_IP_CSUM,
	NETIF_F_IPV6_CSUM,
	NETIF_F_SG,
} from '../../include/linux/netdev_features.ts';
import {
	ETH_ALEN,
	ETH_HLEN,
	ETH_P_802_2,
	ETH_P_802_3,
	ETH_P_IP,
	ETH_P_IPV6,
} from '../../include/uapi/linux/if_ether.ts';
import {
	csum_block_add,
	csum_block_sub,
	csum_partial,
	csum_partial_view,
	csum_sub,
} from '../../include/net/checksum.ts';
import {
	get_unaligned_be16,
	htons,
	put_unaligned_be16,
} from '../../include/linux/byteorder/generic.ts';
import type { __be16, __wsum } from '../../include/linux/types.ts';
import { dst_release } from '../../include/net/dst.ts';
import { inet_skb_parm } from '../../include/net/ip.ts';
import { inet6_skb_parm } from '../../include/linux/ipv6.ts';
import { tcp_skb_cb } from '../../include/net/tcp.ts';

const NET_SKB_PAD = 64;
const SKB_SHARED_INFO_SIZE = 320;
const SK_BUFF_SIZE = 256;
const VLAN_HLEN = 4;
const no_proto = htons(0);

/**
 * Truesize of a packet whose head buffer has a given size.
 * @kernel include/linux/skbuff.h:237 (v5.10)
 */
export function SKB_TRUESIZE(size: number): number {
	return size + SK_BUFF_SIZE + SKB_SHARED_INFO_SIZE;
}

/**
 * Bytes that a packet with an Ethernet frame up to the MTU takes in a head buffer.
 * @kernel include/linux/skbuff.h:228 (v5.10)
 */
export function SKB_DATA_ALIGN(size: number): number {
	return (size + 63) & ~63;
}

/**
 * Makes sure that the first bytes are linear.
 * @param len bytes from data on
 * @returns false when the packet is shorter
 * @kernel PORT: inline of include/linux/skbuff.h:2320, include/ does not import net/
 */
export function pskb_may_pull(skb: sk_buff, len: number): boolean {
	if (len <= skb.len - skb.data_len) return true;
	if (len > skb.len) return false;
	return __pskb_pull_tail(skb, len - skb_headlen(skb));
}

/**
 * Makes bytes linear and tells where they are, in place of skb_header_pointer().
 * @param offset from data
 * @param len bytes wanted
 * @returns offset in skb.head, or -1 when the packet is shorter
 * @kernel PORT: stands for include/linux/skbuff.h:3633 skb_header_pointer, which copies instead
 */
export function skb_header_pointer_off(skb: sk_buff, offset: number, len: number): number {
	return pskb_may_pull(skb, offset + len) ? skb.data + offset : -1;
}

/**
 * Pulls bytes off the front, making them linear first.
 * @returns false when the packet is shorter
 * @kernel PORT: inline of include/linux/skbuff.h:2317 pskb_pull with __pskb_pull
 */
export function pskb_pull(skb: sk_buff, len: number): boolean {
	if (len > skb.len) return false;
	if (len > skb_headlen(skb) && !__pskb_pull_tail(skb, len - skb_headlen(skb))) return false;
	skb.len -= len;
	skb.data += len;
	return true;
}

/**
 * Pulls bytes that are known to be linear.
 * @kernel PORT: inline of include/linux/skbuff.h:2284 __skb_pull
 */
export function __skb_pull(skb: sk_buff, len: number): void {
	skb.len -= len;
	skb.data += len;
	if (skb.len < skb.data_len)
		skb.machine.record('BUG', '__skb_pull', `pulled ${String(len)} past the linear data`, skb);
}

/**
 * Pushes bytes without looking at the headroom.
 * @kernel PORT: inline of include/linux/skbuff.h:2272 __skb_push
 */
export function __skb_push(skb: sk_buff, len: number): number {
	skb.data -= len;
	skb.len += len;
	return skb.data;
}

/**
 * Appends to the linear data without looking at the tailroom.
 * @returns offset of the new bytes in skb.head
 * @kernel PORT: inline of include/linux/skbuff.h:2220 __skb_put
 */
export function __skb_put(skb: sk_buff, len: number): number {
	const tmp = skb.tail;
	skb.tail += len;
	skb.len += len;
	return tmp;
}

/**
 * Appends bytes from a buffer.
 * @kernel PORT: inline of include/linux/skbuff.h:2252 skb_put_data
 */
export function skb_put_data(skb: sk_buff, data: Uint8Array): number {
	const off = skb_put(skb, data.length);
	skb.head.set(data, off);
	return off;
}

/**
 * Drops the packet's destination.
 * @kernel PORT: inline of include/net/dst.h:277 skb_dst_drop
 */
export function skb_dst_drop(skb: sk_buff): void {
	const dst = skb._dst;
	if (dst === null) return;
	skb._dst = null;
	if (!skb._dst_noref) dst_release(dst);
	skb._dst_noref = false;
}

/**
 * Shares the old packet's destination with the new one.
 * @kernel PORT: inline of include/net/dst.h:293 skb_dst_copy
 */
export function skb_dst_copy(nskb: sk_buff, oskb: sk_buff): void {
	nskb._dst = oskb._dst;
	nskb._dst_noref = oskb._dst_noref;
	if (nskb._dst !== null && !nskb._dst_noref) nskb._dst.__refcnt++;
}

/**
 * Turns a borrowed destination into a held one.
 * @returns true when the packet has a destination
 * @kernel PORT: inline of include/net/dst.h:306 skb_dst_force
 */
export function skb_dst_force(skb: sk_buff): boolean {
	const dst = skb._dst;
	if (dst !== null && skb._dst_noref) {
		if (dst.__refcnt <= 0) skb._dst = null;
		else dst.__refcnt++;
		skb._dst_noref = false;
	}
	return skb._dst !== null;
}

/**
 * Drops a reference on a connection.
 * @kernel PORT: inline of include/linux/skbuff.h:4134 nf_conntrack_put
 */
export function nf_conntrack_put(nfct: sk_buff['_nfct']): void {
	if (nfct !== null && --nfct.ct_general_use === 0) nfct.destroy(nfct);
}

/**
 * Forgets the connection of a packet.
 * @kernel PORT: inline of include/linux/skbuff.h:4156 nf_reset_ct
 */
export function nf_reset_ct(skb: sk_buff): void {
	const ct = skb._nfct;
	skb._nfct = null;
	skb.nfctinfo = 0;
	nf_conntrack_put(ct);
}

/**
 * Shares the connection of a packet with another.
 * @kernel PORT: inline of include/linux/skbuff.h:4183 __nf_copy
 */
function __nf_copy(dst: sk_buff, src: sk_buff, copy: boolean): void {
	dst._nfct = src._nfct;
	dst.nfctinfo = src.nfctinfo;
	if (src._nfct !== null) src._nfct.ct_general_use++;
	if (copy) dst.nf_trace = src.nf_trace;
}

/**
 * Replaces a packet's connection with another packet's.
 * @kernel PORT: inline of include/linux/skbuff.h:4195 nf_copy
 */
export function nf_copy(dst: sk_buff, src: sk_buff): void {
	nf_conntrack_put(dst._nfct);
	__nf_copy(dst, src, false);
}

/**
 * Gives a packet's owner back its accounting.
 * @kernel PORT: inline of include/linux/skbuff.h:2763 skb_orphan
 */
export function skb_orphan(skb: sk_buff): void {
	if (skb.destructor !== null) {
		skb.destructor(skb);
		skb.destructor = null;
		skb.sk = null;
	} else {
		skb.sk = null;
	}
}

/**
 * Frees a packet and answers a private copy when someone else holds it.
 * @returns the packet to use
 * @kernel PORT: inline of include/linux/skbuff.h:1732 skb_share_check
 */
export function skb_share_check(skb: sk_buff): sk_buff {
	if (!skb_shared(skb)) return skb;
	const nskb = skb_clone(skb);
	consume_skb(skb);
	return nskb;
}

/**
 * Answers a packet that nobody else holds, whose data may be written.
 * @kernel PORT: inline of include/linux/skbuff.h:1768 skb_unshare
 */
export function skb_unshare(skb: sk_buff): sk_buff {
	if (!skb_cloned(skb)) return skb;
	const nskb = skb_copy(skb);
	consume_skb(skb);
	return nskb;
}

/**
 * Makes the data private when it is shared.
 * @returns 0
 * @kernel PORT: inline of include/linux/skbuff.h:1646 skb_unclone
 */
export function skb_unclone(skb: sk_buff): number {
	return skb_cloned(skb) ? pskb_expand_head(skb, 0, 0) : 0;
}

/**
 * Makes room in front and the data writable, as asked.
 * @kernel PORT: inline of include/linux/skbuff.h:3177 __skb_cow
 */
function __skb_cow(skb: sk_buff, headroom: number, cloned: boolean): number {
	const delta = headroom > skb_headroom(skb) ? headroom - skb_headroom(skb) : 0;
	if (delta !== 0 || cloned)
		return pskb_expand_head(skb, (delta + NET_SKB_PAD - 1) & ~(NET_SKB_PAD - 1), 0);
	return 0;
}

/**
 * Makes the whole packet writable with some headroom.
 * @param headroom bytes wanted in front
 * @returns 0
 * @kernel PORT: inline of include/linux/skbuff.h:3204 skb_cow
 */
export function skb_cow(skb: sk_buff, headroom: number): number {
	return __skb_cow(skb, headroom, skb_cloned(skb));
}

/**
 * Makes the headers writable with some headroom.
 * @param headroom bytes wanted in front
 * @returns 0
 * @kernel PORT: inline of include/linux/skbuff.h:3219 skb_cow_head
 */
export function skb_cow_head(skb: sk_buff, headroom: number): number {
	return __skb_cow(skb, headroom, skb_header_cloned(skb));
}

/**
 * Makes the first bytes linear and writable.
 * @param write_len bytes from data on
 * @returns nonzero when the packet is shorter
 * @kernel PORT: inline of include/linux/skbuff.h:3171 skb_try_make_writable
 */
export function skb_try_make_writable(skb: sk_buff, write_len: number): number {
	return skb_cloned(skb) && !skb_clone_writable(skb, write_len) ? pskb_expand_head(skb, 0, 0) : 0;
}

/**
 * Makes all data linear.
 * @returns 0
 * @kernel PORT: inline of include/linux/skbuff.h:3278 skb_linearize
 */
export function skb_linearize(skb: sk_buff): number {
	return skb_is_nonlinear(skb) && !__pskb_pull_tail(skb, skb.data_len) ? -ENOMEM : 0;
}

/**
 * Makes all data linear and writable.
 * @returns 0
 * @kernel PORT: inline of include/linux/skbuff.h:3308 skb_linearize_cow
 */
export function skb_linearize_cow(skb: sk_buff): number {
	if (skb_is_nonlinear(skb)) return skb_linearize(skb);
	return skb_cloned(skb) ? pskb_expand_head(skb, 0, 0) : 0;
}

/**
 * Cuts a packet to a length, fragments included.
 * @returns 0
 * @kernel PORT: inline of include/linux/skbuff.h:2735 pskb_trim
 */
export function pskb_trim(skb: sk_buff, len: number): number {
	return len < skb.len ? __pskb_trim(skb, len) : 0;
}

/**
 * Cuts a packet that is known to be longer.
 * @kernel PORT: inline of include/linux/skbuff.h:2727 __pskb_trim
 */
function __pskb_trim(skb: sk_buff, len: number): number {
	if (skb.data_len !== 0) return ___pskb_trim(skb, len);
	__skb_trim(skb, len);
	return 0;
}

/**
 * Sets the length of a linear packet.
 * @kernel PORT: inline of include/linux/skbuff.h:2715 __skb_trim
 */
export function __skb_trim(skb: sk_buff, len: number): void {
	if (skb_is_nonlinear(skb)) {
		skb.machine.record('WARN', '__skb_trim', 'packet is not linear', skb);
		return;
	}
	skb.len = len;
	skb.tail = skb.data + len;
}

/**
 * Cuts a packet and keeps its complete checksum right.
 * @returns 0
 * @kernel PORT: inline of include/linux/skbuff.h:3346 pskb_trim_rcsum
 */
export function pskb_trim_rcsum(skb: sk_buff, len: number): number {
	if (len >= skb.len) return 0;
	return pskb_trim_rcsum_slow(skb, len);
}

/**
 * Takes bytes that were pulled out of the complete checksum.
 * @param start offset in skb.head
 * @kernel PORT: inline of include/linux/skbuff.h:3366 skb_postpull_rcsum
 */
export function skb_postpull_rcsum(skb: sk_buff, start: number, len: number): void {
	if (skb.ip_summed === CHECKSUM_COMPLETE)
		skb.csum = csum_sub(skb.csum, csum_partial(skb.head, start, len, 0));
	else if (skb.ip_summed === CHECKSUM_PARTIAL && skb.csum_start < skb.data)
		skb.ip_summed = CHECKSUM_NONE;
}

/**
 * Adds bytes that were pushed to the complete checksum.
 * @param start offset in skb.head
 * @kernel PORT: inline of include/linux/skbuff.h:3398 skb_postpush_rcsum
 */
export function skb_postpush_rcsum(skb: sk_buff, start: number, len: number): void {
	if (skb.ip_summed === CHECKSUM_COMPLETE)
		skb.csum = csum_block_add(skb.csum, csum_partial(skb.head, start, len, 0), 0);
}

/**
 * Pushes bytes and adds them to the complete checksum.
 * @kernel PORT: inline of include/linux/skbuff.h:3417 skb_push_rcsum
 */
export function skb_push_rcsum(skb: sk_buff, len: number): number {
	const off = skb_push(skb, len);
	skb_postpush_rcsum(skb, off, len);
	return off;
}

/**
 * Sets a fragment.
 * @param i its number; becomes the last one
 * @kernel PORT: inline of include/linux/skbuff.h:2160 skb_fill_page_desc
 */
export function skb_fill_page_desc(
	skb: sk_buff,
	i: number,
	page: page,
	off: number,
	size: number,
): void {
	const frags = skb.shinfo.frags;
	const frag = frags[i] as skb_frag_t | undefined;
	if (frag === undefined) {
		frags[i] = new skb_frag_t(page, off, size);
	} else {
		frag.bv_page = page;
		frag.bv_offset = off;
		frag.bv_len = size;
	}
	skb.shinfo.nr_frags = i + 1;
}

/**
 * Tells whether data can be added to the last fragment.
 * @kernel PORT: inline of include/linux/skbuff.h:3253 skb_can_coalesce
 */
export function skb_can_coalesce(skb: sk_buff, i: number, page: page, off: number): boolean {
	if (i === 0) return false;
	const frag = skb.shinfo.frags[i - 1];
	return page === frag.bv_page && off === frag.bv_offset + frag.bv_len;
}

/**
 * Frees the packets of a queue.
 * @kernel PORT: inline of include/linux/skbuff.h:2837 __skb_queue_purge
 */
export function __skb_queue_purge(list: sk_buff_head): void {
	for (let skb = __skb_dequeue(list); skb !== null; skb = __skb_dequeue(list)) kfree_skb(skb);
}

/**
 * Pads a packet with zeros to a length.
 * @returns 0; the packet is freed otherwise
 * @kernel PORT: inline of include/linux/skbuff.h:3231 skb_padto
 */
export function skb_padto(skb: sk_buff, len: number): number {
	return skb.len >= len ? 0 : __skb_pad(skb, len - skb.len, true);
}

/**
 * Zeroes what a new packet does not take over with another's header.
 * @kernel PORT: part of the memset in __alloc_skb
 */
function skb_clear_own(skb: sk_buff): void {
	skb.next = null;
	skb.prev = null;
	skb.sk = null;
	skb.destructor = null;
	skb.len = 0;
	skb.data_len = 0;
	skb.hdr_len = 0;
	skb.cloned = false;
	skb.nohdr = false;
	skb.peeked = false;
	skb.data = 0;
	skb.tail = 0;
	skb.users = 1;
}

/**
 * Zeroes what a new packet starts with.
 * @kernel PORT: memset in __alloc_skb
 */
function skb_clear(skb: sk_buff): void {
	skb_clear_own(skb);
	skb.dev = null;
	skb.tstamp = 0;
	if (skb.ipcb !== null) skb.ipcb.clear();
	if (skb.ip6cb !== null) skb.ip6cb.clear();
	if (skb.tcpcb !== null) skb.tcpcb.clear();
	if (skb.brcb !== null) skb.brcb.clear();
	skb.cb0 = 0;
	skb.cb1 = 0;
	skb.cb2 = 0;
	skb._dst = null;
	skb._dst_noref = false;
	skb._nfct = null;
	skb.nfctinfo = 0;
	skb.sp = null;
	skb.mac_len = 0;
	skb.pkt_type = PACKET_HOST;
	skb.ignore_df = false;
	skb.nf_trace = false;
	skb.ip_summed = CHECKSUM_NONE;
	skb.ooo_okay = false;
	skb.vlan_present = false;
	skb.csum_complete_sw = false;
	skb.csum_level = 0;
	skb.csum_valid = false;
	skb.encapsulation = false;
	skb.dst_pending_confirm = false;
	skb.csum = 0;
	skb.csum_start = 0;
	skb.csum_offset = 0;
	skb.priority = 0;
	skb.skb_iif = 0;
	skb.hash = 0;
	skb.l4_hash = false;
	skb.vlan_proto = no_proto;
	skb.vlan_tci = 0;
	skb.mark = 0;
	skb.protocol = no_proto;
	skb.transport_header = -1;
	skb.network_header = 0;
	skb.mac_header = -1;
}

/**
 * Takes a free sk_buff.
 * @returns null when there is none
 * @kernel PORT: part of kmem_cache_alloc
 */
function skb_pool_get(pool: skb_pool): sk_buff | null {
	const skb = pool.first;
	if (skb === null) return null;
	pool.first = skb.prev;
	pool.count--;
	return skb;
}

/**
 * Gives an sk_buff back.
 * @kernel PORT: part of kmem_cache_free
 */
function skb_pool_put(pool: skb_pool, skb: sk_buff): void {
	skb.prev = pool.first;
	pool.first = skb;
	pool.count++;
}

/**
 * Pool of the buffers of a size.
 * @param size bytes of data wanted, aligned
 * @kernel PORT: kmalloc_slab
 */
function skb_pool_of(m: Machine, size: number): skb_pool {
	return m.skb_head_pool[32 - Math.clz32(size + SKB_SHARED_INFO_SIZE - 1)];
}

/**
 * A head buffer and the shared info behind it.
 * @param size bytes of data wanted, aligned
 * @kernel PORT: kmalloc_reserve of __alloc_skb
 */
function head_alloc(m: Machine, size: number): skb_shared_info {
	const pool = skb_pool_of(m, size);
	const skb = skb_pool_get(pool);
	if (skb === null) {
		const order = m.skb_head_pool.indexOf(pool);
		/* A header that is looked for behind the data ends in the shared info. */
		const head = new Uint8Array((1 << order) - SKB_SHARED_INFO_SIZE + ETH_HLEN);
		return new skb_shared_info(head, pool);
	}
	skb_pool_put(m.skb_pool, skb);
	skb.shinfo.dataref = 1;
	return skb.shinfo;
}

/**
 * Gives a head buffer back that no sk_buff has.
 * @kernel PORT: skb_free_head of pskb_expand_head
 */
function head_free(m: Machine, shinfo: skb_shared_info): void {
	skb_free_head(shinfo);
	const skb = skb_pool_get(m.skb_pool);
	if (skb === null) return;
	skb_set_shinfo(skb, shinfo);
	skb_pool_put(shinfo.pool, skb);
}

/**
 * Gives an sk_buff its data.
 * @kernel PORT: assignment of head
 */
function skb_set_shinfo(skb: sk_buff, shinfo: skb_shared_info): void {
	skb.shinfo = shinfo;
	skb.head = shinfo.head;
	skb.view = shinfo.view;
}

/**
 * An sk_buff without data, with whatever its last user left in it.
 * @kernel PORT: kmem_cache_alloc of the sk_buff cache
 */
function skb_object_alloc(m: Machine, shinfo: skb_shared_info): sk_buff {
	let skb = skb_pool_get(m.skb_pool);
	if (skb === null) skb = new sk_buff(m, shinfo);
	else skb_set_shinfo(skb, shinfo);
	return skb;
}

/**
 * An sk_buff over a buffer of its own, with whatever its last user left in it.
 * @param size bytes of room
 * @kernel PORT: part of __alloc_skb
 */
function skb_data_alloc(m: Machine, size: number): sk_buff {
	const end = SKB_DATA_ALIGN(size);
	let skb = skb_pool_get(skb_pool_of(m, end));
	if (skb === null) skb = skb_object_alloc(m, head_alloc(m, end));
	else skb.shinfo.dataref = 1;
	m.skb_count++;
	skb.end = end;
	skb.truesize = SKB_TRUESIZE(end);
	return skb;
}

/**
 * Makes an empty packet.
 * @param size bytes of room
 * @kernel net/core/skbuff.c:182 (v5.10)
 */
export function __alloc_skb(m: Machine, size: number): sk_buff {
	const skb = skb_data_alloc(m, size);
	skb_clear(skb);
	return skb;
}

/**
 * Makes an empty packet.
 * @param size bytes of room
 * @kernel PORT: inline of include/linux/skbuff.h:1086 alloc_skb
 */
export function alloc_skb(m: Machine, size: number): sk_buff {
	return __alloc_skb(m, size);
}

/**
 * Makes a packet to receive into, with the usual headroom.
 * @param dev receiving device
 * @param len bytes of room
 * @kernel net/core/skbuff.c:425 (v5.10)
 */
export function __netdev_alloc_skb(dev: net_device, len: number): sk_buff {
	const skb = __alloc_skb(dev.machine, len + NET_SKB_PAD);
	skb_reserve(skb, NET_SKB_PAD);
	skb.dev = dev;
	return skb;
}

/**
 * Adds a fragment to a packet being built.
 * @kernel net/core/skbuff.c:551 (v5.10)
 */
export function skb_add_rx_frag(
	skb: sk_buff,
	i: number,
	page: page,
	off: number,
	size: number,
	truesize: number,
): void {
	skb_fill_page_desc(skb, i, page, off, size);
	skb.len += size;
	skb.data_len += size;
	skb.truesize += truesize;
}

/**
 * Frees a list of packets.
 * @kernel net/core/skbuff.c:573 (v5.10)
 */
function skb_drop_list(list: sk_buff | null): void {
	kfree_skb_list(list);
}

/**
 * Takes a reference on every packet of the fragment list.
 * @kernel net/core/skbuff.c:584 (v5.10)
 */
function skb_clone_fraglist(skb: sk_buff): void {
	for (let l = skb.shinfo.frag_list; l !== null; l = l.next) l.users++;
}

/**
 * Lets a head buffer be used again.
 * PORT: it stays with the sk_buff that had it last.
 * @kernel net/core/skbuff.c:592 (v5.10)
 */
function skb_free_head(shinfo: skb_shared_info): void {
	shinfo.nr_frags = 0;
	shinfo.tx_flags = 0;
	shinfo.gso_size = 0;
	shinfo.gso_segs = 0;
	shinfo.gso_type = 0;
	shinfo.frag_list = null;
	shinfo.dataref = 0;
}

/**
 * Drops the packet's share of its data.
 * @kernel net/core/skbuff.c:602 (v5.10)
 */
function skb_release_data(skb: sk_buff): void {
	const shinfo = skb.shinfo;
	if (skb.cloned) {
		shinfo.dataref -= skb.nohdr ? (1 << SKB_DATAREF_SHIFT) + 1 : 1;
		if (shinfo.dataref !== 0) return;
	}
	for (let i = 0; i < shinfo.nr_frags; i++) __skb_frag_unref(shinfo.frags[i]);
	if (shinfo.frag_list !== null) skb_drop_list(shinfo.frag_list);
	skb_free_head(shinfo);
}

/**
 * Gives the sk_buff itself back.
 * @kernel net/core/skbuff.c:625 (v5.10)
 */
function kfree_skbmem(skb: sk_buff): void {
	const m = skb.machine;
	m.skb_count--;
	skb.users = 0;
	const { shinfo } = skb;
	if (shinfo.dataref === 0 && shinfo.pool.count < 1024) skb_pool_put(shinfo.pool, skb);
	else if (m.skb_pool.count < 4096) skb_pool_put(m.skb_pool, skb);
}

/**
 * Drops what a packet refers to beside its data: destination, owner, connection, IPsec path.
 * @kernel net/core/skbuff.c:655 (v5.10)
 */
export function skb_release_head_state(skb: sk_buff): void {
	skb_dst_drop(skb);
	if (skb.destructor !== null) {
		skb.destructor(skb);
		skb.destructor = null;
	}
	if (skb._nfct !== null) {
		nf_conntrack_put(skb._nfct);
		skb._nfct = null;
	}
	skb_ext_reset(skb);
}

/**
 * Frees everything but the sk_buff.
 * @kernel net/core/skbuff.c:669 (v5.10)
 */
function skb_release_all(skb: sk_buff): void {
	skb_release_head_state(skb);
	skb_release_data(skb);
}

/**
 * Frees a packet whose last reference is gone.
 * @kernel net/core/skbuff.c:685 (v5.10)
 */
export function __kfree_skb(skb: sk_buff): void {
	skb_release_all(skb);
	kfree_skbmem(skb);
}

/**
 * Drops a reference; the last one frees the packet. For packets that are dropped.
 * @kernel net/core/skbuff.c:699 (v5.10)
 */
export function kfree_skb(skb: sk_buff | null): void {
	if (skb === null) return;
	if (skb.users > 1) {
		skb.users--;
		return;
	}
	if (skb.users <= 0) {
		skb.machine.record('BUG', 'kfree_skb', 'packet freed twice', skb);
		return;
	}
	__kfree_skb(skb);
}

/**
 * Frees a list of packets linked by next.
 * @kernel net/core/skbuff.c:709 (v5.10)
 */
export function kfree_skb_list(segs: sk_buff | null): void {
	while (segs !== null) {
		const next: sk_buff | null = segs.next;
		segs.next = null;
		kfree_skb(segs);
		segs = next;
	}
}

/**
 * Drops a reference on a packet that did its work.
 * @kernel net/core/skbuff.c:837 (v5.10)
 */
export function consume_skb(skb: sk_buff | null): void {
	kfree_skb(skb);
}

/**
 * Copies what describes a packet, references included, but not its data.
 * @kernel net/core/skbuff.c:932 (v5.10)
 */
function __copy_skb_header(n: sk_buff, old: sk_buff): void {
	n.tstamp = old.tstamp;
	n.dev = old.dev;
	if (old.ipcb !== null) (n.ipcb ??= new inet_skb_parm()).assign(old.ipcb);
	else if (n.ipcb !== null) n.ipcb.clear();
	if (old.ip6cb !== null) (n.ip6cb ??= new inet6_skb_parm()).assign(old.ip6cb);
	else if (n.ip6cb !== null) n.ip6cb.clear();
	if (old.tcpcb !== null) {
		const tcpcb = (n.tcpcb ??= new tcp_skb_cb());
		tcpcb.copy_from(old.tcpcb);
		tcpcb.unlink();
	} else if (n.tcpcb !== null) {
		n.tcpcb.clear();
	}
	if (old.brcb !== null) (n.brcb ??= new br_input_skb_cb()).assign(old.brcb);
	else if (n.brcb !== null) n.brcb.clear();
	n.cb0 = old.cb0;
	n.cb1 = old.cb1;
	n.cb2 = old.cb2;
	skb_dst_copy(n, old);
	n.sp = old.sp;
	if (n.sp !== null) n.sp.refcnt++;
	__nf_copy(n, old, false);
	n.nf_trace = old.nf_trace;
	n.mac_len = old.mac_len;
	n.pkt_type = old.pkt_type;
	n.ignore_df = old.ignore_df;
	n.ip_summed = old.ip_summed;
	n.ooo_okay = old.ooo_okay;
	n.vlan_present = old.vlan_present;
	n.csum_complete_sw = old.csum_complete_sw;
	n.csum_level = old.csum_level;
	n.csum_valid = old.csum_valid;
	n.encapsulation = old.encapsulation;
	n.dst_pending_confirm = old.dst_pending_confirm;
	n.csum = old.csum;
	n.csum_start = old.csum_start;
	n.csum_offset = old.csum_offset;
	n.priority = old.priority;
	n.skb_iif = old.skb_iif;
	n.hash = old.hash;
	n.l4_hash = old.l4_hash;
	n.vlan_proto = old.vlan_proto;
	n.vlan_tci = old.vlan_tci;
	n.mark = old.mark;
	n.protocol = old.protocol;
	n.transport_header = old.transport_header;
	n.network_header = old.network_header;
	n.mac_header = old.mac_header;
}

/**
 * Makes an sk_buff a second one over another's data.
 * @param n an sk_buff without data
 * @kernel net/core/skbuff.c:984 (v5.10)
 */
function __skb_clone(n: sk_buff, skb: sk_buff): sk_buff {
	n.next = null;
	n.prev = null;
	n.sk = null;
	n.shinfo = skb.shinfo;
	n.head = skb.head;
	n.view = skb.view;
	__copy_skb_header(n, skb);
	n.len = skb.len;
	n.data_len = skb.data_len;
	n.hdr_len = skb.nohdr ? skb_headroom(skb) : skb.hdr_len;
	n.cloned = true;
	n.nohdr = false;
	n.peeked = false;
	n.destructor = null;
	n.tail = skb.tail;
	n.end = skb.end;
	n.data = skb.data;
	n.truesize = skb.truesize;
	n.users = 1;
	skb.shinfo.dataref++;
	skb.cloned = true;
	return n;
}

/**
 * Lets a packet become a clone of another and drops what it was.
 * @kernel net/core/skbuff.c:1051 (v5.10)
 */
export function skb_morph(dst: sk_buff, src: sk_buff): sk_buff {
	skb_release_all(dst);
	if (dst.shinfo.dataref === 0) head_free(dst.machine, dst.shinfo);
	return __skb_clone(dst, src);
}

/**
 * Makes a second sk_buff over the same data.
 * @kernel net/core/skbuff.c:1433 (v5.10)
 */
export function skb_clone(skb: sk_buff): sk_buff {
	const m = skb.machine;
	m.skb_count++;
	return __skb_clone(skb_object_alloc(m, skb.shinfo), skb);
}

/**
 * Moves the header offsets when the data moved within its buffer.
 * @param off bytes by which it moved
 * @kernel net/core/skbuff.c:1462 (v5.10)
 */
export function skb_headers_offset_update(skb: sk_buff, off: number): void {
	if (skb.ip_summed === CHECKSUM_PARTIAL) skb.csum_start += off;
	if (skb.transport_header >= 0) skb.transport_header += off;
	skb.network_header += off;
	if (skb.mac_header >= 0) skb.mac_header += off;
}

/**
 * Copies description and GSO fields to a copy.
 * @kernel net/core/skbuff.c:1478 (v5.10)
 */
export function skb_copy_header(n: sk_buff, old: sk_buff): void {
	__copy_skb_header(n, old);
	n.shinfo.gso_size = old.shinfo.gso_size;
	n.shinfo.gso_segs = old.shinfo.gso_segs;
	n.shinfo.gso_type = old.shinfo.gso_type;
}

/**
 * Makes a private, linear copy.
 * @kernel net/core/skbuff.c:1512 (v5.10)
 */
export function skb_copy(skb: sk_buff): sk_buff {
	const headerlen = skb_headroom(skb);
	const n = __alloc_skb(skb.machine, skb.end + skb.data_len);
	skb_reserve(n, headerlen);
	__skb_put(n, skb.len);
	n.head.set(skb.head.subarray(0, headerlen), 0);
	skb_copy_bits(skb, 0, n.head, headerlen, skb.len);
	skb_copy_header(n, skb);
	return n;
}

/**
 * Makes a copy whose linear part is private and whose fragments are shared.
 * @param headroom bytes in front of the copy
 * @kernel net/core/skbuff.c:1551 (v5.10)
 */
export function __pskb_copy_fclone(skb: sk_buff, headroom: number): sk_buff {
	const hl = skb_headlen(skb);
	const n = __alloc_skb(skb.machine, hl + headroom);
	skb_reserve(n, headroom);
	skb_put(n, hl);
	n.head.set(skb.head.subarray(skb.data, skb.data + hl), headroom);
	n.truesize += skb.data_len;
	n.data_len = skb.data_len;
	n.len = skb.len;
	copy_frags(n, skb);
	skb_copy_header(n, skb);
	skb_headers_offset_update(n, skb_headroom(n) - skb_headroom(skb));
	return n;
}

/**
 * Shares fragments and fragment list with a new packet.
 * @kernel PORT: part of __pskb_copy_fclone
 */
function copy_frags(n: sk_buff, skb: sk_buff): void {
	const from = skb.shinfo;
	for (let i = 0; i < from.nr_frags; i++) {
		const f = from.frags[i];
		skb_fill_page_desc(n, i, f.bv_page, f.bv_offset, f.bv_len);
		skb_frag_ref(skb, i);
	}
	if (from.frag_list !== null) {
		n.shinfo.frag_list = from.frag_list;
		skb_clone_fraglist(n);
	}
}

/**
 * Makes a copy whose linear part is private.
 * @kernel PORT: inline of include/linux/skbuff.h:1158 pskb_copy
 */
export function pskb_copy(skb: sk_buff): sk_buff {
	return __pskb_copy_fclone(skb, skb_headroom(skb));
}

/**
 * Moves the linear data to a new private buffer with more room.
 * @param nhead bytes to add in front
 * @param ntail bytes to add behind
 * @returns 0
 * @kernel net/core/skbuff.c:1615 (v5.10)
 */
export function pskb_expand_head(skb: sk_buff, nhead: number, ntail: number): number {
	if (skb_shared(skb)) {
		skb.machine.record('BUG', 'pskb_expand_head', 'packet is shared', skb);
		return -EINVAL;
	}
	const osize = skb.end;
	const old = skb.shinfo;
	const end = SKB_DATA_ALIGN(osize + nhead + ntail);
	const shinfo = head_alloc(skb.machine, end);
	shinfo.head.set(skb.head.subarray(0, skb.tail), nhead);
	const cloned = skb_cloned(skb);
	skb.shinfo = shinfo;
	skb.head = shinfo.head;
	skb.view = shinfo.view;
	shinfo.tx_flags = old.tx_flags;
	shinfo.gso_size = old.gso_size;
	shinfo.gso_segs = old.gso_segs;
	shinfo.gso_type = old.gso_type;
	for (let i = 0; i < old.nr_frags; i++) {
		const f = old.frags[i];
		skb_fill_page_desc(skb, i, f.bv_page, f.bv_offset, f.bv_len);
	}
	shinfo.frag_list = old.frag_list;
	if (cloned) {
		for (let i = 0; i < shinfo.nr_frags; i++) skb_frag_ref(skb, i);
		if (shinfo.frag_list !== null) skb_clone_fraglist(skb);
		old.dataref -= skb.nohdr ? (1 << SKB_DATAREF_SHIFT) + 1 : 1;
	} else {
		old.frag_list = null;
		head_free(skb.machine, old);
	}
	skb.data += nhead;
	skb.end = end;
	skb.tail += nhead;
	skb_headers_offset_update(skb, nhead);
	skb.cloned = false;
	skb.hdr_len = 0;
	skb.nohdr = false;
	if (skb.sk === null) skb.truesize += skb.end - osize;
	return 0;
}

/**
 * Answers a packet over the same data with at least some headroom.
 * @kernel net/core/skbuff.c:1704 (v5.10)
 */
export function skb_realloc_headroom(skb: sk_buff, headroom: number): sk_buff {
	const delta = headroom - skb_headroom(skb);
	if (delta <= 0) return pskb_copy(skb);
	const skb2 = skb_clone(skb);
	pskb_expand_head(skb2, SKB_DATA_ALIGN(delta), 0);
	return skb2;
}

/**
 * Makes a private, linear copy with given room on both sides.
 * @kernel net/core/skbuff.c:1741 (v5.10)
 */
export function skb_copy_expand(skb: sk_buff, newheadroom: number, newtailroom: number): sk_buff {
	const n = __alloc_skb(skb.machine, newheadroom + skb.len + newtailroom);
	const oldheadroom = skb_headroom(skb);
	skb_reserve(n, newheadroom);
	__skb_put(n, skb.len);
	const head_copy_len = Math.min(oldheadroom, newheadroom);
	n.head.set(
		skb.head.subarray(oldheadroom - head_copy_len, oldheadroom),
		newheadroom - head_copy_len,
	);
	skb_copy_bits(skb, 0, n.head, newheadroom, skb.len);
	skb_copy_header(n, skb);
	skb_headers_offset_update(n, newheadroom - oldheadroom);
	return n;
}

/**
 * Writes zeros behind the data; the length stays.
 * @param pad bytes
 * @returns 0
 * @kernel net/core/skbuff.c:1795 (v5.10)
 */
export function __skb_pad(skb: sk_buff, pad: number, free_on_error: boolean): number {
	if (skb_cloned(skb) || skb_tailroom(skb) < pad || skb.data_len !== 0) {
		const ntail = skb.data_len + pad - (skb.end - skb.tail);
		if (skb_cloned(skb) || ntail > 0) {
			const err = pskb_expand_head(skb, 0, Math.max(ntail, 0));
			if (err !== 0) {
				if (free_on_error) kfree_skb(skb);
				return err;
			}
		}
		const err = skb_linearize(skb);
		if (err !== 0) {
			if (free_on_error) kfree_skb(skb);
			return err;
		}
	}
	skb.head.fill(0, skb.data + skb.len, skb.data + skb.len + pad);
	return 0;
}

/**
 * Appends to the last packet of a fragment list, or to the packet itself.
 * @returns offset of the new bytes in tail.head
 * @kernel net/core/skbuff.c:1843 (v5.10)
 */
export function pskb_put(skb: sk_buff, tail: sk_buff, len: number): number {
	if (tail !== skb) {
		skb.data_len += len;
		skb.len += len;
	}
	return skb_put(tail, len);
}

/**
 * Appends to the linear data.
 * @param len bytes
 * @returns offset of the new bytes in skb.head
 * @kernel net/core/skbuff.c:1862 (v5.10)
 */
export function skb_put(skb: sk_buff, len: number): number {
	const tmp = skb.tail;
	skb.tail += len;
	skb.len += len;
	if (skb.tail > skb.end)
		skb.machine.record('BUG', 'skb_put', `tail ${String(skb.tail)} past end ${String(skb.end)}`, skb);
	return tmp;
}

/**
 * Prepends to the data.
 * @param len bytes
 * @returns offset of the new data start in skb.head
 * @kernel net/core/skbuff.c:1883 (v5.10)
 */
export function skb_push(skb: sk_buff, len: number): number {
	skb.data -= len;
	skb.len += len;
	if (skb.data < 0)
		skb.machine.record('BUG', 'skb_push', `headroom short by ${String(-skb.data)}`, null);
	return skb.data;
}

/**
 * Takes bytes off the front.
 * @returns the new data offset, or -1 when the packet is shorter (nothing changes)
 * @kernel net/core/skbuff.c:1903 (v5.10)
 */
export function skb_pull(skb: sk_buff, len: number): number {
	if (len > skb.len) return -1;
	__skb_pull(skb, len);
	return skb.data;
}

/**
 * Cuts a linear packet to a length.
 * @kernel net/core/skbuff.c:1918 (v5.10)
 */
export function skb_trim(skb: sk_buff, len: number): void {
	if (skb.len > len) __skb_trim(skb, len);
}

/**
 * Cuts a packet with fragments to a length.
 * @returns 0
 * @kernel net/core/skbuff.c:1928 (v5.10)
 */
export function ___pskb_trim(skb: sk_buff, len: number): number {
	if (skb_cloned(skb)) {
		const err = pskb_expand_head(skb, 0, 0);
		if (err !== 0) return err;
	}
	let offset = skb_headlen(skb);
	const nfrags = skb.shinfo.nr_frags;
	let i = 0;
	drop_pages: {
		if (offset >= len) break drop_pages;
		for (; i < nfrags; i++) {
			const end = offset + skb.shinfo.frags[i].bv_len;
			if (end < len) {
				offset = end;
				continue;
			}
			skb.shinfo.frags[i].bv_len = len - offset;
			i++;
			skb.shinfo.nr_frags = i;
			for (; i < nfrags; i++) skb_frag_unref(skb, i);
			if (skb.shinfo.frag_list !== null) {
				skb_drop_list(skb.shinfo.frag_list);
				skb.shinfo.frag_list = null;
			}
			skb.data_len -= skb.len - len;
			skb.len = len;
			return 0;
		}
		let prev: sk_buff | null = null;
		for (let frag: sk_buff | null = skb.shinfo.frag_list; frag !== null; ) {
			let end = offset + frag.len;
			if (skb_shared(frag)) {
				const nfrag = skb_clone(frag);
				nfrag.next = frag.next;
				consume_skb(frag);
				frag = nfrag;
				if (prev === null) skb.shinfo.frag_list = frag;
				else prev.next = frag;
			}
			if (end < len) {
				offset = end;
				prev = frag;
				frag = frag.next;
				continue;
			}
			if (end > len) {
				const err = pskb_trim(frag, len - offset);
				if (err !== 0) return err;
				end = len;
			}
			if (frag.next !== null) {
				skb_drop_list(frag.next);
				frag.next = null;
			}
			break;
		}
		skb.data_len -= skb.len - len;
		skb.len = len;
		return 0;
	}
	skb.shinfo.nr_frags = 0;
	for (; i < nfrags; i++) skb_frag_unref(skb, i);
	if (skb.shinfo.frag_list !== null) {
		skb_drop_list(skb.shinfo.frag_list);
		skb.shinfo.frag_list = null;
	}
	skb.len = len;
	skb.data_len = 0;
	skb.tail = skb.data + len;
	return 0;
}

/**
 * Cuts a packet and keeps its checksum state right.
 * @returns 0
 * @kernel net/core/skbuff.c:2015 (v5.10)
 */
export function pskb_trim_rcsum_slow(skb: sk_buff, len: number): number {
	if (skb.ip_summed === CHECKSUM_COMPLETE) {
		const delta = skb.len - len;
		skb.csum = csum_block_sub(skb.csum, skb_checksum(skb, len, delta, 0), len);
	} else if (skb.ip_summed === CHECKSUM_PARTIAL) {
		const hdlen = len > skb_headlen(skb) ? skb_headlen(skb) : len;
		const offset = skb.csum_start - skb.data + skb.csum_offset;
		if (offset + 2 > hdlen) return -EINVAL;
	}
	return __pskb_trim(skb, len);
}

/**
 * Moves bytes from the fragments to the end of the linear data.
 * @param delta bytes to move
 * @returns false when the fragments are malformed
 * @kernel net/core/skbuff.c:2059 (v5.10)
 */
export function __pskb_pull_tail(skb: sk_buff, delta: number): boolean {
	let eat = skb.tail + delta - skb.end;
	if (eat > 0 || skb_cloned(skb)) {
		if (pskb_expand_head(skb, 0, eat > 0 ? eat + 128 : 0) !== 0) return false;
	}
	if (skb_copy_bits(skb, skb_headlen(skb), skb.head, skb.tail, delta) !== 0) {
		skb.machine.record('BUG', '__pskb_pull_tail', 'fragments shorter than data_len', skb);
		return false;
	}
	const shinfo = skb.shinfo;
	pull_pages: {
		eat = delta;
		if (shinfo.frag_list === null) break pull_pages;
		for (let i = 0; i < shinfo.nr_frags; i++) {
			const size = shinfo.frags[i].bv_len;
			if (size >= eat) break pull_pages;
			eat -= size;
		}
		/* Eat into the fragment list. */
		let list: sk_buff | null = shinfo.frag_list;
		let clone: sk_buff | null = null;
		let insp: sk_buff | null = null;
		while (eat > 0 && list !== null) {
			if (list.len <= eat) {
				eat -= list.len;
				list = list.next;
				insp = list;
			} else {
				if (skb_shared(list)) {
					clone = skb_clone(list);
					insp = list.next;
					list = clone;
				} else {
					insp = list;
				}
				pskb_pull(list, eat);
				break;
			}
		}
		while (shinfo.frag_list !== null && shinfo.frag_list !== insp) {
			const l: sk_buff = shinfo.frag_list;
			shinfo.frag_list = l.next;
			l.next = null;
			consume_skb(l);
		}
		if (clone !== null) {
			clone.next = insp;
			shinfo.frag_list = clone;
		}
	}
	eat = delta;
	let k = 0;
	for (let i = 0; i < shinfo.nr_frags; i++) {
		const f = shinfo.frags[i];
		if (f.bv_len <= eat) {
			skb_frag_unref(skb, i);
			eat -= f.bv_len;
			continue;
		}
		const to = shinfo.frags[k];
		const page = f.bv_page;
		const off = f.bv_offset + eat;
		const size = f.bv_len - eat;
		to.bv_page = page;
		to.bv_offset = off;
		to.bv_len = size;
		eat = 0;
		k++;
	}
	shinfo.nr_frags = k;
	skb.tail += delta;
	skb.data_len -= delta;
	return true;
}

/**
 * Copies bytes out of a packet.
 * @param offset from data
 * @param to destination buffer, from to_off on
 * @returns 0, or -EFAULT when the packet is shorter
 * @kernel net/core/skbuff.c:2197 (v5.10)
 */
export function skb_copy_bits(
	skb: sk_buff,
	offset: number,
	to: Uint8Array,
	to_off: number,
	len: number,
): number {
	let start = skb_headlen(skb);
	if (offset > skb.len - len) return -EFAULT;
	let copy = start - offset;
	if (copy > 0) {
		if (copy > len) copy = len;
		to.set(skb.head.subarray(skb.data + offset, skb.data + offset + copy), to_off);
		if ((len -= copy) === 0) return 0;
		offset += copy;
		to_off += copy;
	}
	const shinfo = skb.shinfo;
	for (let i = 0; i < shinfo.nr_frags; i++) {
		const f = shinfo.frags[i];
		const end = start + f.bv_len;
		copy = end - offset;
		if (copy > 0) {
			if (copy > len) copy = len;
			const from = f.bv_offset + offset - start;
			to.set(f.bv_page.data.subarray(from, from + copy), to_off);
			if ((len -= copy) === 0) return 0;
			offset += copy;
			to_off += copy;
		}
		start = end;
	}
	for (let l = shinfo.frag_list; l !== null; l = l.next) {
		const end = start + l.len;
		copy = end - offset;
		if (copy > 0) {
			if (copy > len) copy = len;
			if (skb_copy_bits(l, offset - start, to, to_off, copy) !== 0) return -EFAULT;
			if ((len -= copy) === 0) return 0;
			offset += copy;
			to_off += copy;
		}
		start = end;
	}
	return len === 0 ? 0 : -EFAULT;
}

/**
 * Writes bytes into a packet.
 * PORT: fragments that are written become private first, since pages are shared.
 * @param offset from data
 * @returns 0, or -EFAULT when the packet is shorter
 * @kernel net/core/skbuff.c:2559 (v5.10)
 */
export function skb_store_bits(
	skb: sk_buff,
	offset: number,
	from: Uint8Array,
	from_off: number,
	len: number,
): number {
	if (offset > skb.len - len) return -EFAULT;
	if (offset + len > skb_headlen(skb) && skb_linearize_cow(skb) !== 0) return -EFAULT;
	skb.head.set(from.subarray(from_off, from_off + len), skb.data + offset);
	return 0;
}

/**
 * Sums bytes of a packet.
 * @param offset from data
 * @param csum partial sum to add to
 * @kernel net/core/skbuff.c:2721 (v5.10)
 */
export function skb_checksum(skb: sk_buff, offset: number, len: number, csum: __wsum): __wsum {
	let start = skb_headlen(skb);
	let copy = start - offset;
	let pos = 0;
	if (copy > 0) {
		if (copy > len) copy = len;
		csum = csum_partial_view(skb.view, skb.data + offset, copy, csum);
		if ((len -= copy) === 0) return csum;
		offset += copy;
		pos = copy;
	}
	const shinfo = skb.shinfo;
	for (let i = 0; i < shinfo.nr_frags; i++) {
		const f = shinfo.frags[i];
		const end = start + f.bv_len;
		copy = end - offset;
		if (copy > 0) {
			if (copy > len) copy = len;
			const at = f.bv_offset + offset - start;
			const sum = csum_partial_view(f.bv_page.view, at, copy, 0);
			csum = csum_block_add(csum, sum, pos);
			if ((len -= copy) === 0) return csum;
			offset += copy;
			pos += copy;
		}
		start = end;
	}
	for (let l = shinfo.frag_list; l !== null; l = l.next) {
		const end = start + l.len;
		copy = end - offset;
		if (copy > 0) {
			if (copy > len) copy = len;
			csum = csum_block_add(csum, skb_checksum(l, offset - start, copy, 0), pos);
			if ((len -= copy) === 0) return csum;
			offset += copy;
			pos += copy;
		}
		start = end;
	}
	return csum;
}

/**
 * Copies bytes out of a packet and sums them.
 * @param offset from data
 * @returns the sum
 * @kernel net/core/skbuff.c:2735 (v5.10)
 */
export function skb_copy_and_csum_bits(
	skb: sk_buff,
	offset: number,
	to: Uint8Array,
	to_off: number,
	len: number,
): __wsum {
	skb_copy_bits(skb, offset, to, to_off, len);
	return csum_partial(to, to_off, len, 0);
}

/**
 * Checks a transport checksum in software over the first bytes.
 * @param len bytes from data on
 * @returns 0 when right
 * @kernel net/core/skbuff.c:2820 (v5.10)
 */
export function __skb_checksum_complete_head(skb: sk_buff, len: number): number {
	let csum = skb_checksum(skb, 0, len, skb.csum);
	csum = (csum & 0xffff) + (csum >>> 16);
	csum = (csum & 0xffff) + (csum >>> 16);
	const sum = ~csum & 0xffff;
	if (sum === 0 && !skb_shared(skb)) skb.csum_valid = true;
	return sum;
}

/**
 * Checks a packet's transport checksum in software over its whole data.
 * @returns 0 when right; the packet then counts as checked
 * @kernel net/core/skbuff.c:2846 (v5.10)
 */
export function __skb_checksum_complete(skb: sk_buff): number {
	return __skb_checksum_complete_head(skb, skb.len);
}

/**
 * Takes the first packet off a queue.
 * @kernel net/core/skbuff.c:3044 (v5.10)
 */
export function skb_dequeue(list: sk_buff_head): sk_buff | null {
	return __skb_dequeue(list);
}

/**
 * Takes the last packet off a queue.
 * @kernel net/core/skbuff.c:3064 (v5.10)
 */
export function skb_dequeue_tail(list: sk_buff_head): sk_buff | null {
	return __skb_dequeue_tail(list);
}

/**
 * Frees the packets of a queue.
 * @kernel net/core/skbuff.c:3084 (v5.10)
 */
export function skb_queue_purge(list: sk_buff_head): void {
	__skb_queue_purge(list);
}

/**
 * Puts a packet in front of a queue.
 * @kernel net/core/skbuff.c:3129 (v5.10)
 */
export function skb_queue_head(list: sk_buff_head, newsk: sk_buff): void {
	__skb_queue_head(list, newsk);
}

/**
 * Puts a packet behind a queue.
 * @kernel net/core/skbuff.c:3150 (v5.10)
 */
export function skb_queue_tail(list: sk_buff_head, newsk: sk_buff): void {
	__skb_queue_tail(list, newsk);
}

/**
 * Takes a packet out of a queue.
 * @kernel net/core/skbuff.c:3170 (v5.10)
 */
export function skb_unlink(skb: sk_buff, list: sk_buff_head): void {
	__skb_unlink(skb, list);
}

/**
 * Puts a packet behind another one in a queue.
 * @kernel net/core/skbuff.c:3190 (v5.10)
 */
export function skb_append(old: sk_buff, newsk: sk_buff, list: sk_buff_head): void {
	__skb_queue_after(list, old, newsk);
}

/**
 * Splits a packet inside its linear data.
 * @kernel net/core/skbuff.c:3200 (v5.10)
 */
function skb_split_inside_header(skb: sk_buff, skb1: sk_buff, len: number, pos: number): void {
	const at = skb_put(skb1, pos - len);
	skb1.head.set(skb.head.subarray(skb.data + len, skb.data + pos), at);
	const n = skb.shinfo.nr_frags;
	for (let i = 0; i < n; i++) {
		const f = skb.shinfo.frags[i];
		skb_fill_page_desc(skb1, i, f.bv_page, f.bv_offset, f.bv_len);
	}
	skb.shinfo.nr_frags = 0;
	skb1.data_len = skb.data_len;
	skb1.len += skb1.data_len;
	skb.data_len = 0;
	skb.len = len;
	skb.tail = skb.data + len;
}

/**
 * Splits a packet inside its fragments.
 * @kernel net/core/skbuff.c:3221 (v5.10)
 */
function skb_split_no_header(skb: sk_buff, skb1: sk_buff, len: number, pos: number): void {
	const nfrags = skb.shinfo.nr_frags;
	skb.shinfo.nr_frags = 0;
	skb1.len = skb1.data_len = skb.len - len;
	skb.len = len;
	skb.data_len = len - pos;
	let k = 0;
	let kept = 0;
	for (let i = 0; i < nfrags; i++) {
		const f = skb.shinfo.frags[i];
		const size = f.bv_len;
		if (pos + size > len) {
			if (pos < len) {
				skb_frag_ref(skb, i);
				skb_fill_page_desc(skb1, k, f.bv_page, f.bv_offset + len - pos, size - (len - pos));
				f.bv_len = len - pos;
				kept++;
			} else {
				skb_fill_page_desc(skb1, k, f.bv_page, f.bv_offset, size);
			}
			k++;
		} else {
			kept++;
		}
		pos += size;
	}
	skb.shinfo.nr_frags = kept;
	skb1.shinfo.nr_frags = k;
}

/**
 * Splits a packet in two at a length.
 * @param skb1 empty packet that gets what lies behind
 * @kernel net/core/skbuff.c:3268 (v5.10)
 */
export function skb_split(skb: sk_buff, skb1: sk_buff, len: number): void {
	const pos = skb_headlen(skb);
	skb1.shinfo.tx_flags |= skb.shinfo.tx_flags & SKBTX_SHARED_FRAG;
	if (len < pos) skb_split_inside_header(skb, skb1, len, pos);
	else skb_split_no_header(skb, skb1, len, pos);
}

/**
 * Moves payload from the front of one packet to the end of another; both hold only fragments.
 * @param shiftlen bytes
 * @returns bytes moved: shiftlen or 0
 * @kernel net/core/skbuff.c:3309 (v5.10)
 */
export function skb_shift(tgt: sk_buff, skb: sk_buff, shiftlen: number): number {
	if (skb_headlen(skb) !== 0) return 0;
	const from = skb.shinfo;
	const to = tgt.shinfo;
	/* Count first: nothing may change when it does not fit. */
	let todo = shiftlen;
	let whole = 0;
	while (todo > 0 && whole < from.nr_frags && from.frags[whole].bv_len <= todo) {
		todo -= from.frags[whole].bv_len;
		whole++;
	}
	const part = todo > 0;
	if (part && whole === from.nr_frags) return 0;
	if (shiftlen === skb.len && to.nr_frags + from.nr_frags > MAX_SKB_FRAGS) return 0;
	if (to.nr_frags + whole + (part ? 1 : 0) > MAX_SKB_FRAGS) return 0;
	if (skb_cloned(skb) && pskb_expand_head(skb, 0, 0) !== 0) return 0;
	if (skb_cloned(tgt) && pskb_expand_head(tgt, 0, 0) !== 0) return 0;
	const src = skb.shinfo;
	const dst = tgt.shinfo;
	for (let i = 0; i < whole + (part ? 1 : 0); i++) {
		const f = src.frags[i];
		const size = i < whole ? f.bv_len : todo;
		const n = dst.nr_frags;
		if (skb_can_coalesce(tgt, n, f.bv_page, f.bv_offset)) {
			dst.frags[n - 1].bv_len += size;
			if (i < whole) __skb_frag_unref(f);
		} else {
			skb_fill_page_desc(tgt, n, f.bv_page, f.bv_offset, size);
			if (i === whole) __skb_frag_ref(f);
		}
		if (i === whole) {
			f.bv_offset += size;
			f.bv_len -= size;
		}
	}
	const left = src.nr_frags - whole;
	for (let i = 0; i < left; i++) {
		const f = src.frags[whole + i];
		const t = src.frags[i];
		t.bv_page = f.bv_page;
		t.bv_offset = f.bv_offset;
		t.bv_len = f.bv_len;
	}
	src.nr_frags = left;
	tgt.ip_summed = CHECKSUM_PARTIAL;
	skb.ip_summed = CHECKSUM_PARTIAL;
	skb.len -= shiftlen;
	skb.data_len -= shiftlen;
	skb.truesize -= shiftlen;
	tgt.len += shiftlen;
	tgt.data_len += shiftlen;
	tgt.truesize += shiftlen;
	return shiftlen;
}

/**
 * Appends a span of a page to a packet.
 * @returns 0, or -EMSGSIZE when there is no fragment left
 * @kernel net/core/skbuff.c:3598 (v5.10)
 */
export function skb_append_pagefrags(
	skb: sk_buff,
	page: page,
	offset: number,
	size: number,
): number {
	const i = skb.shinfo.nr_frags;
	if (skb_can_coalesce(skb, i, page, offset)) {
		skb.shinfo.frags[i - 1].bv_len += size;
	} else if (i < MAX_SKB_FRAGS) {
		get_page(page);
		skb_fill_page_desc(skb, i, page, offset, size);
	} else {
		return -EMSGSIZE;
	}
	return 0;
}

/**
 * Pulls bytes and takes them out of the complete checksum.
 * @returns the new data offset
 * @kernel net/core/skbuff.c:3627 (v5.10)
 */
export function skb_pull_rcsum(skb: sk_buff, len: number): number {
	const data = skb.data;
	__skb_pull(skb, len);
	skb_postpull_rcsum(skb, data, len);
	return skb.data;
}

/**
 * Ethertype of a packet below its VLAN tags.
 * @returns the ethertype, 0 when a tag is truncated
 * @kernel PORT: net/core/dev.c:3316 skb_network_protocol lives with its only user in net/core
 */
export function skb_network_protocol(skb: sk_buff): __be16 {
	let type = skb.protocol;
	if (!eth_type_vlan(type)) return type;
	let depth = skb.mac_len !== 0 ? skb.mac_len - VLAN_HLEN : ETH_HLEN;
	for (let parse_depth = 8; eth_type_vlan(type); parse_depth--) {
		if (parse_depth === 0 || skb_headlen(skb) < depth + VLAN_HLEN) return no_proto;
		type = get_unaligned_be16(skb.head, skb.data + depth + 2);
		depth += VLAN_HLEN;
	}
	return type;
}

/**
 * Tells whether features complete checksums of an ethertype.
 * @kernel PORT: inline of include/linux/netdevice.h:4648 can_checksum_protocol
 */
export function can_checksum_protocol(features: number, protocol: __be16): boolean {
	if ((features & NETIF_F_HW_CSUM) !== 0) return true;
	if (protocol === ETH_P_IP) return (features & NETIF_F_IP_CSUM) !== 0;
	if (protocol === ETH_P_IPV6) return (features & NETIF_F_IPV6_CSUM) !== 0;
	return false;
}

/**
 * Cuts a GSO packet into segments. The data starts behind the network and transport headers; the MAC header
 * is found through its offset. Each segment's sum from the transport header's end on is left in cb0 and
 * the place from which it counts in cb1, as SKB_GSO_CB does, unless the features complete checksums.
 * @param features what the device can do (NETIF_F_SG, checksums)
 * @returns first segment, linked by next with `prev` of the first at the last; or -EINVAL
 * @kernel net/core/skbuff.c:3769 (v5.10)
 */
export function skb_segment(head_skb: sk_buff, features: number): sk_buff | number {
	const mss = head_skb.shinfo.gso_size;
	const doffset = head_skb.data - head_skb.mac_header;
	let offset = doffset;
	__skb_push(head_skb, doffset);
	const proto = skb_network_protocol(head_skb);
	if (proto === 0) return -EINVAL;
	const sg = (features & NETIF_F_SG) !== 0;
	const csum = can_checksum_protocol(features, proto);
	const headroom = skb_headroom(head_skb);
	const shinfo = head_skb.shinfo;
	let segs: sk_buff | null = null;
	let tail: sk_buff | null = null;
	let i = 0;
	let pos = skb_headlen(head_skb);
	const headers = head_skb.head.subarray(head_skb.data, head_skb.data + doffset);
	/* Fragments of a fragment list are walked only by copying. */
	const by_reference = sg && shinfo.frag_list === null;
	do {
		const len = Math.min(head_skb.len - offset, mss);
		let hsize = Math.max(skb_headlen(head_skb) - offset, 0);
		if (hsize > len || !by_reference) hsize = len;
		/* The header's copy below brings the rest. */
		const nskb = skb_data_alloc(head_skb.machine, hsize + doffset + headroom);
		skb_clear_own(nskb);
		skb_reserve(nskb, headroom);
		__skb_put(nskb, doffset);
		if (tail !== null) tail.next = nskb;
		else segs = nskb;
		tail = nskb;
		__copy_skb_header(nskb, head_skb);
		skb_reset_mac_len(nskb);
		nskb.head.set(headers, nskb.data);
		if (!by_reference) {
			const at = skb_put(nskb, len);
			if (!csum) {
				nskb.ip_summed = CHECKSUM_NONE;
				nskb.cb0 = skb_copy_and_csum_bits(head_skb, offset, nskb.head, at, len);
				nskb.cb1 = skb_headroom(nskb) + doffset;
			} else {
				skb_copy_bits(head_skb, offset, nskb.head, at, len);
			}
			continue;
		}
		if (hsize > 0) {
			const at = skb_put(nskb, hsize);
			nskb.head.set(
				head_skb.head.subarray(head_skb.data + offset, head_skb.data + offset + hsize),
				at,
			);
		}
		nskb.shinfo.tx_flags |= shinfo.tx_flags & SKBTX_SHARED_FRAG;
		while (pos < offset + len && i < shinfo.nr_frags) {
			const f = shinfo.frags[i];
			const size = f.bv_len;
			const skip = pos < offset ? offset - pos : 0;
			const take = Math.min(pos + size, offset + len) - (pos + skip);
			skb_fill_page_desc(nskb, nskb.shinfo.nr_frags, f.bv_page, f.bv_offset + skip, take);
			__skb_frag_ref(f);
			if (pos + size > offset + len) break;
			i++;
			pos += size;
		}
		nskb.data_len = len - hsize;
		nskb.len += nskb.data_len;
		nskb.truesize += nskb.data_len;
		if (!csum) {
			if (skb_has_shared_frag(nskb) && skb_linearize(nskb) !== 0) {
				kfree_skb_list(segs);
				return -ENOMEM;
			}
			nskb.ip_summed = CHECKSUM_NONE;
			nskb.cb0 = skb_checksum(nskb, doffset, nskb.len - doffset, 0);
			nskb.cb1 = skb_headroom(nskb) + doffset;
		}
	} while ((offset += mss) < head_skb.len);
	if (segs === null || tail === null) return -EINVAL;
	segs.prev = tail;
	/* Back pressure stays with the sender: the last segment stands for the whole. */
	if (head_skb.destructor !== null) {
		const truesize = tail.truesize;
		tail.truesize = head_skb.truesize;
		head_skb.truesize = truesize;
		tail.destructor = head_skb.destructor;
		head_skb.destructor = null;
		tail.sk = head_skb.sk;
		head_skb.sk = null;
	}
	return segs;
}

/**
 * Makes a packet's data private and gives room behind it, for in-place encryption.
 * @param tailbits bytes wanted behind the last part
 * @returns parts of the packet (always 1 after linearising), or negative errno
 * @kernel PORT: net/core/skbuff.c:4433 skb_cow_data; the packet is made linear instead of walked part by part
 */
export function skb_cow_data(skb: sk_buff, tailbits: number): number {
	const err = skb_linearize_cow(skb);
	if (err !== 0) return err;
	if (skb_tailroom(skb) < tailbits) {
		const e = pskb_expand_head(skb, 0, tailbits - skb_tailroom(skb) + 128);
		if (e !== 0) return e;
	}
	return 1;
}

/**
 * Declares that a checksum is to be completed.
 * @param start offset from data of what is summed
 * @param off offset from start of where it is stored
 * @returns false when that lies outside the linear data
 * @kernel net/core/skbuff.c:4795 (v5.10)
 */
export function skb_partial_csum_set(skb: sk_buff, start: number, off: number): boolean {
	const csum_end = start + off + 2;
	const csum_start = skb_headroom(skb) + start;
	if (csum_start > 0xffff || csum_end > skb_headlen(skb)) return false;
	skb.ip_summed = CHECKSUM_PARTIAL;
	skb.csum_start = csum_start;
	skb.csum_offset = off;
	skb.transport_header = skb.data + start;
	return true;
}

/**
 * The packet, or a copy of it that ends where its transport part ends.
 * @param transport_len bytes from the transport header on
 * @returns null when the packet is shorter
 * @kernel net/core/skbuff.c:5058 (v5.10)
 */
function skb_checksum_maybe_trim(skb: sk_buff, transport_len: number): sk_buff | null {
	const len = skb_transport_offset(skb) + transport_len;
	if (skb.len < len) return null;
	if (skb.len === len) return skb;
	const skb_chk = skb_clone(skb);
	if (pskb_trim_rcsum(skb_chk, len) !== 0) {
		kfree_skb(skb_chk);
		return null;
	}
	return skb_chk;
}

/**
 * Checks the checksum of a packet's transport part.
 * @param transport_len its bytes
 * @param skb_chkf gets the packet with data at the transport header; answers 0 when right
 * @returns what was checked, to be freed when it is not the packet itself; null when wrong
 * @kernel net/core/skbuff.c:5098 (v5.10)
 */
export function skb_checksum_trimmed(
	skb: sk_buff,
	transport_len: number,
	skb_chkf: (skb: sk_buff) => number,
): sk_buff | null {
	const offset = skb_transport_offset(skb);
	const skb_chk = skb_checksum_maybe_trim(skb, transport_len);
	err: {
		if (skb_chk === null || !pskb_may_pull(skb_chk, offset)) break err;
		skb_pull_rcsum(skb_chk, offset);
		const ret = skb_chkf(skb_chk);
		skb_push_rcsum(skb_chk, offset);
		if (ret !== 0) break err;
		return skb_chk;
	}
	if (skb_chk !== null && skb_chk !== skb) kfree_skb(skb_chk);
	return null;
}

/**
 * Frees a packet whose data may have been taken over.
 * @param head_stolen the shared info now belongs to another packet
 * @kernel net/core/skbuff.c:5138 (v5.10)
 */
export function kfree_skb_partial(skb: sk_buff, head_stolen: boolean): void {
	if (head_stolen) {
		skb_release_head_state(skb);
		kfree_skbmem(skb);
	} else {
		__kfree_skb(skb);
	}
}

/**
 * Appends another packet's payload to a packet when that is cheap.
 * PORT: there is no fragstolen: heads are not page fragments.
 * @returns delta_truesize when the data moved, and the caller frees `from` by kfree_skb_partial(); else -1
 * @kernel net/core/skbuff.c:5156 (v5.10)
 */
export function skb_try_coalesce(to: sk_buff, from: sk_buff): number {
	const len = from.len;
	if (skb_cloned(to)) return -1;
	if (len <= skb_tailroom(to)) {
		if (len !== 0) {
			const at = skb_put(to, len);
			skb_copy_bits(from, 0, to.head, at, len);
		}
		return 0;
	}
	const ts = to.shinfo;
	const fs = from.shinfo;
	if (ts.frag_list !== null || fs.frag_list !== null) return -1;
	if (skb_headlen(from) !== 0) return -1;
	if (ts.nr_frags + fs.nr_frags > MAX_SKB_FRAGS) return -1;
	const delta = from.truesize - SKB_TRUESIZE(from.end);
	for (let i = 0; i < fs.nr_frags; i++) {
		const f = fs.frags[i];
		skb_fill_page_desc(to, ts.nr_frags, f.bv_page, f.bv_offset, f.bv_len);
	}
	if (!skb_cloned(from)) fs.nr_frags = 0;
	for (let i = 0; i < fs.nr_frags; i++) __skb_frag_ref(fs.frags[i]);
	to.truesize += delta;
	to.len += len;
	to.data_len += len;
	return delta;
}

/**
 * Clears what a packet must not carry into another namespace.
 * @param xnet whether it crosses namespaces
 * @kernel net/core/skbuff.c:5246 (v5.10)
 */
export function skb_scrub_packet(skb: sk_buff, xnet: boolean): void {
	skb.pkt_type = PACKET_HOST;
	skb.skb_iif = 0;
	skb.ignore_df = false;
	skb_dst_drop(skb);
	skb_ext_reset(skb);
	nf_reset_ct(skb);
	skb.nf_trace = false;
	if (!xnet) return;
	skb.mark = 0;
	skb.tstamp = 0;
}

/**
 * Drops the extensions of a packet.
 * @kernel PORT: inline of include/linux/skbuff.h:4095 skb_ext_reset
 */
export function skb_ext_reset(skb: sk_buff): void {
	const sp = skb.sp;
	if (sp === null) return;
	skb.sp = null;
	if (--sp.refcnt === 0) sp.release();
}

/**
 * Transport header and payload bytes of one segment.
 * @kernel net/core/skbuff.c:5280 (v5.10)
 */
function skb_gso_transport_seglen(skb: sk_buff): number {
	const shinfo = skb.shinfo;
	let thlen = 0;
	if ((shinfo.gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)) !== 0)
		thlen = (skb.head[skb.transport_header + 12] >> 4) * 4;
	else if ((shinfo.gso_type & SKB_GSO_UDP_L4) !== 0) thlen = 8;
	return thlen + shinfo.gso_size;
}

/**
 * Network packet bytes of one segment.
 * @kernel net/core/skbuff.c:5315 (v5.10)
 */
function skb_gso_network_seglen(skb: sk_buff): number {
	return skb.transport_header - skb.network_header + skb_gso_transport_seglen(skb);
}

/**
 * Frame bytes of one segment.
 * @kernel net/core/skbuff.c:5332 (v5.10)
 */
function skb_gso_mac_seglen(skb: sk_buff): number {
	return skb.transport_header - skb.mac_header + skb_gso_transport_seglen(skb);
}

/**
 * Tells whether the segments of a GSO packet fit an MTU.
 * @kernel net/core/skbuff.c:5390 (v5.10)
 */
export function skb_gso_validate_network_len(skb: sk_buff, mtu: number): boolean {
	return skb_gso_network_seglen(skb) <= mtu;
}

/**
 * Tells whether the segments of a GSO packet fit a frame size.
 * @kernel net/core/skbuff.c:5405 (v5.10)
 */
export function skb_gso_validate_mac_len(skb: sk_buff, len: number): boolean {
	return skb_gso_mac_seglen(skb) <= len;
}

/**
 * Closes the gap that a stripped tag leaves in the frame.
 * @kernel net/core/skbuff.c:5411 (v5.10)
 */
function skb_reorder_vlan_header(skb: sk_buff): sk_buff | null {
	if (skb_cow(skb, skb_headroom(skb)) < 0) {
		kfree_skb(skb);
		return null;
	}
	const mac_len = skb.data - skb.mac_header;
	if (mac_len > VLAN_HLEN + 2) {
		const from = skb.mac_header;
		skb.head.copyWithin(from + VLAN_HLEN, from, from + mac_len - VLAN_HLEN - 2);
	}
	if (skb.mac_header >= 0) skb.mac_header += VLAN_HLEN;
	return skb;
}

/**
 * Moves the outermost tag of a received frame out of the bytes.
 * @returns the packet, or null when it was broken and freed
 * @kernel net/core/skbuff.c:5437 (v5.10)
 */
export function skb_vlan_untag(skb: sk_buff): sk_buff | null {
	if (skb_vlan_tag_present(skb)) return skb;
	skb = skb_share_check(skb);
	err_free: {
		if (!pskb_may_pull(skb, VLAN_HLEN + 2)) break err_free;
		const vhdr = skb.data;
		__vlan_hwaccel_put_tag(skb, skb.protocol, get_unaligned_be16(skb.head, vhdr));
		skb_pull_rcsum(skb, VLAN_HLEN);
		vlan_set_encap_proto(skb, vhdr);
		const nskb = skb_reorder_vlan_header(skb);
		if (nskb === null) return null;
		skb = nskb;
		skb_reset_network_header(skb);
		skb_reset_transport_header(skb);
		skb_reset_mac_len(skb);
		return skb;
	}
	kfree_skb(skb);
	return null;
}

/**
 * Sets the protocol of a packet from the type field behind a tag.
 * @param vhdr offset of the tag's TCI in skb.head
 * @kernel PORT: inline of include/linux/if_vlan.h:676 vlan_set_encap_proto
 */
export function vlan_set_encap_proto(skb: sk_buff, vhdr: number): void {
	const proto = get_unaligned_be16(skb.head, vhdr + 2);
	if (proto >= 0x0600) {
		skb.protocol = proto;
		return;
	}
	const raw = get_unaligned_be16(skb.head, vhdr + 4);
	skb.protocol = raw === 0xffff ? ETH_P_802_3 : ETH_P_802_2;
}

/**
 * Makes the first bytes linear and writable.
 * @param write_len bytes from data on
 * @returns 0, or -ENOMEM when the packet is shorter
 * @kernel net/core/skbuff.c:5477 (v5.10)
 */
export function skb_ensure_writable(skb: sk_buff, write_len: number): number {
	if (!pskb_may_pull(skb, write_len)) return -ENOMEM;
	if (!skb_cloned(skb) || skb_clone_writable(skb, write_len)) return 0;
	return pskb_expand_head(skb, 0, 0);
}

/**
 * Takes the tag out of the bytes of a frame whose data starts at the MAC header.
 * @returns the tag's 16 bits, or a negative errno
 * @kernel net/core/skbuff.c:5492 (v5.10)
 */
export function __skb_vlan_pop(skb: sk_buff): number {
	const offset = skb.data - skb.mac_header;
	if (offset !== 0) {
		skb.machine.record('WARN', '__skb_vlan_pop', 'data is not at the MAC header', skb);
		return -EINVAL;
	}
	const err = skb_ensure_writable(skb, ETH_HLEN + VLAN_HLEN);
	if (err !== 0) return err;
	skb_postpull_rcsum(skb, skb.data + 2 * ETH_ALEN, VLAN_HLEN);
	const vlan_tci = get_unaligned_be16(skb.head, skb.data + ETH_HLEN);
	skb.head.copyWithin(skb.data + VLAN_HLEN, skb.data, skb.data + 2 * ETH_ALEN);
	vlan_set_encap_proto(skb, skb.data + ETH_HLEN);
	__skb_pull(skb, VLAN_HLEN);
	skb.mac_header += VLAN_HLEN;
	if (skb.network_header - skb.data < ETH_HLEN) skb_set_network_header(skb, ETH_HLEN);
	skb_reset_mac_len(skb);
	return vlan_tci;
}

/**
 * Takes the outermost tag off a frame, beside the bytes or in them.
 * @returns 0 or a negative errno
 * @kernel net/core/skbuff.c:5531 (v5.10)
 */
export function skb_vlan_pop(skb: sk_buff): number {
	if (skb_vlan_tag_present(skb)) {
		__vlan_hwaccel_clear_tag(skb);
	} else {
		if (!eth_type_vlan(skb.protocol)) return 0;
		const err = __skb_vlan_pop(skb);
		if (err < 0) return err;
	}
	if (!eth_type_vlan(skb.protocol)) return 0;
	const vlan_proto = skb.protocol;
	const tci = __skb_vlan_pop(skb);
	if (tci < 0) return tci;
	__vlan_hwaccel_put_tag(skb, vlan_proto, tci);
	return 0;
}

/**
 * Puts a tag on a frame whose data starts at the MAC header; a tag that is there moves into the bytes.
 * @param vlan_proto ethertype of the tag, network order
 * @param vlan_tci 16 bits, host order
 * @returns 0 or a negative errno
 * @kernel net/core/skbuff.c:5564 (v5.10)
 */
export function skb_vlan_push(skb: sk_buff, vlan_proto: __be16, vlan_tci: number): number {
	if (skb_vlan_tag_present(skb)) {
		if (skb.data !== skb.mac_header) {
			skb.machine.record('WARN', 'skb_vlan_push', 'data is not at the MAC header', skb);
			return -EINVAL;
		}
		const err = __vlan_insert_tag(skb, skb.vlan_proto, skb.vlan_tci);
		if (err !== 0) return err;
		skb.protocol = skb.vlan_proto;
		skb.mac_len += VLAN_HLEN;
		skb_postpush_rcsum(skb, skb.data + 2 * ETH_ALEN, VLAN_HLEN);
	}
	__vlan_hwaccel_put_tag(skb, vlan_proto, vlan_tci);
	return 0;
}

/**
 * Inserts a tag into the bytes of a frame behind a MAC header of a given length.
 * @returns 0 or -ENOMEM
 * @kernel PORT: inline of include/linux/if_vlan.h:345 __vlan_insert_inner_tag
 */
export function __vlan_insert_inner_tag(
	skb: sk_buff,
	vlan_proto: __be16,
	vlan_tci: number,
	mac_len: number,
): number {
	if (skb_cow_head(skb, VLAN_HLEN) < 0) return -ENOMEM;
	skb_push(skb, VLAN_HLEN);
	if (mac_len > 2) skb.head.copyWithin(skb.data, skb.data + VLAN_HLEN, skb.data + VLAN_HLEN + mac_len - 2);
	skb.mac_header -= VLAN_HLEN;
	const h_vlan_TCI = skb.data + mac_len;
	if (mac_len >= 2) put_unaligned_be16(vlan_proto, skb.head, h_vlan_TCI - 2);
	else put_unaligned_be16(skb.protocol, skb.head, h_vlan_TCI + 2);
	put_unaligned_be16(vlan_tci, skb.head, h_vlan_TCI);
	return 0;
}

/**
 * Inserts a tag into the bytes of an Ethernet frame.
 * @returns 0 or -ENOMEM
 * @kernel PORT: inline of include/linux/if_vlan.h:388 __vlan_insert_tag
 */
export function __vlan_insert_tag(skb: sk_buff, vlan_proto: __be16, vlan_tci: number): number {
	return __vlan_insert_inner_tag(skb, vlan_proto, vlan_tci, ETH_HLEN);
}

/**
 * Inserts a tag and sets the protocol to the tag's; frees the packet when that fails.
 * @returns the packet or null
 * @kernel PORT: inline of include/linux/if_vlan.h:453 vlan_insert_tag_set_proto
 */
export function vlan_insert_tag_set_proto(
	skb: sk_buff,
	vlan_proto: __be16,
	vlan_tci: number,
): sk_buff | null {
	if (__vlan_insert_tag(skb, vlan_proto, vlan_tci) !== 0) {
		kfree_skb(skb);
		return null;
	}
	skb.protocol = vlan_proto;
	return skb;
}

/**
 * Moves the tag beside a packet into its bytes.
 * @returns the packet or null
 * @kernel PORT: inline of include/linux/if_vlan.h:503 __vlan_hwaccel_push_inside
 */
export function __vlan_hwaccel_push_inside(skb: sk_buff): sk_buff | null {
	const n = vlan_insert_tag_set_proto(skb, skb.vlan_proto, skb.vlan_tci);
	if (n !== null) __vlan_hwaccel_clear_tag(n);
	return n;
}
