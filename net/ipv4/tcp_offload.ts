// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/tcp_offload.c, base v5.10: cutting large packets into segments.
 *
 * PORT: gso_make_checksum() and gso_reset_checksum(), inlines of include/linux/skbuff.h, are here;
 * SKB_GSO_CB() is cb0 (sum) and cb1 (where it counts from) of the sk_buff.
 * Not ported: receive offload (GRO), for no driver of this world joins packets; partial GSO, timestamping.
 */
import type { net_offload } from '../../include/net/protocol.ts';
import { csum_add, csum_fold, csum_partial_view } from '../../include/net/checksum.ts';
import {
	get_unaligned_be32,
	put_unaligned_be16,
} from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import type { Machine } from '../../include/linux/machine.ts';
import {
	CHECKSUM_PARTIAL,
	type sk_buff,
	SKB_GSO_TCPV4,
	skb_shinfo,
} from '../../include/linux/skbuff.ts';
import { tcp_hdrlen } from '../../include/linux/tcp.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import { IPPROTO_TCP } from '../../include/uapi/linux/in.ts';
import { IPHDR_daddr, IPHDR_saddr } from '../../include/uapi/linux/ip.ts';
import {
	TCPHDR_check,
	TCPHDR_CWR,
	TCPHDR_FIN,
	TCPHDR_flags,
	TCPHDR_LEN,
	TCPHDR_PSH,
	TCPHDR_seq,
} from '../../include/uapi/linux/tcp.ts';
import { skb_gso_ok } from '../core/dev.ts';
import { __skb_pull, pskb_may_pull, skb_segment } from '../core/skbuff.ts';
import { inet_add_offload } from './protocol.ts';
import { tcp_wfree } from './tcp_output.ts';
import { __tcp_v4_send_check } from './tcp_ipv4.ts';

/**
 * Finishes the checksum of a segment from the sum of its payload.
 * @param res sum of the pseudo header, folded
 * @kernel PORT: inline of include/linux/skbuff.h:4410 gso_make_checksum
 */
export function gso_make_checksum(skb: sk_buff, res: number): number {
	const csum_start = skb.transport_header;
	const plen = skb.cb1 - csum_start;
	const partial = skb.cb0;

	skb.cb0 = res;
	skb.cb1 = csum_start;

	return csum_fold(csum_partial_view(skb.view, csum_start, plen, partial));
}

/**
 * Notes where the checksum of a segment counts from that the device completes.
 * @param res sum of the pseudo header, folded
 * @kernel PORT: inline of include/linux/skbuff.h:4397 gso_reset_checksum
 */
export function gso_reset_checksum(skb: sk_buff, res: number): void {
	skb.cb0 = res;
	skb.cb1 = skb.csum_start;
}

/**
 * Cuts a large packet over IPv4.
 * @returns the first segment, null when the device does it, or -EINVAL
 * @kernel net/ipv4/tcp_offload.c:29 (v5.10)
 */
function tcp4_gso_segment(skb: sk_buff, features: number): sk_buff | null | number {
	if ((skb_shinfo(skb).gso_type & SKB_GSO_TCPV4) === 0) return -EINVAL;

	if (!pskb_may_pull(skb, TCPHDR_LEN)) return -EINVAL;

	if (skb.ip_summed !== CHECKSUM_PARTIAL) {
		const iph = skb.network_header;

		put_unaligned_be16(0, skb.head, skb.transport_header + TCPHDR_check);
		skb.ip_summed = CHECKSUM_PARTIAL;
		__tcp_v4_send_check(
			skb,
			get_unaligned_be32(skb.head, iph + IPHDR_saddr),
			get_unaligned_be32(skb.head, iph + IPHDR_daddr),
		);
	}

	return tcp_gso_segment(skb, features);
}

/**
 * Cuts a large packet into segments; data is at the TCP header, whose checksum is that of the pseudo header.
 * @param features what the device can do, NETIF_F_* bits
 * @returns the first segment, null when the device does it, or -EINVAL
 * @kernel net/ipv4/tcp_offload.c:54 (v5.10)
 */
export function tcp_gso_segment(gso_skb: sk_buff, features: number): sk_buff | null | number {
	const thlen = tcp_hdrlen(gso_skb);

	if (thlen < TCPHDR_LEN) return -EINVAL;

	if (!pskb_may_pull(gso_skb, thlen)) return -EINVAL;

	const oldlen = ~gso_skb.len & 0xffff;
	__skb_pull(gso_skb, thlen);

	const shinfo = skb_shinfo(gso_skb);
	const mss = shinfo.gso_size;
	if (gso_skb.len <= mss) return -EINVAL;

	if (skb_gso_ok(gso_skb, features)) {
		/* From outside: its count of segments is not to be trusted. */
		shinfo.gso_segs = Math.ceil(gso_skb.len / mss);
		return null;
	}

	const { destructor, sk } = gso_skb;
	const copy_destructor = destructor === tcp_wfree && sk !== null;
	const { ooo_okay } = gso_skb;
	gso_skb.ooo_okay = false;

	/* PORT: skb_segment() hands any owner to the last segment; TCP's is shared out below. */
	if (copy_destructor) {
		gso_skb.destructor = null;
		gso_skb.sk = null;
	}
	const segs = skb_segment(gso_skb, features);
	if (copy_destructor) {
		gso_skb.destructor = destructor;
		gso_skb.sk = sk;
	}
	if (IS_ERR(segs)) return segs;

	segs.ooo_okay = ooo_okay;

	let delta = oldlen + (thlen + mss);
	let skb = segs;
	let th = skb.transport_header;
	let seq = skb.view.getUint32(th + TCPHDR_seq);
	let sum_truesize = 0;

	let check = skb.view.getUint16(th + TCPHDR_check);
	const newcheck = ~csum_fold(csum_add(check, delta)) & 0xffff;

	while (skb.next !== null) {
		skb.head[th + TCPHDR_flags] &= ~(TCPHDR_FIN | TCPHDR_PSH);
		skb.view.setUint16(th + TCPHDR_check, newcheck);

		if (skb.ip_summed === CHECKSUM_PARTIAL) {
			gso_reset_checksum(skb, ~newcheck & 0xffff);
		} else {
			check = gso_make_checksum(skb, ~newcheck & 0xffff);
			skb.view.setUint16(th + TCPHDR_check, check);
		}

		seq = (seq + mss) >>> 0;
		if (copy_destructor) {
			skb.destructor = destructor;
			skb.sk = sk;
			sum_truesize += skb.truesize;
		}
		skb = skb.next;
		th = skb.transport_header;

		skb.view.setUint32(th + TCPHDR_seq, seq);
		skb.head[th + TCPHDR_flags] &= ~TCPHDR_CWR;
	}

	/* The socket hears of each segment that is freed, not of this packet. */
	if (copy_destructor) {
		skb.destructor = destructor;
		skb.sk = sk;
		gso_skb.destructor = null;
		gso_skb.sk = null;
		sum_truesize += skb.truesize;
		sk.sk_wmem_alloc += sum_truesize - gso_skb.truesize;
	}

	delta = oldlen + (skb.tail - th) + skb.data_len;
	check = skb.view.getUint16(th + TCPHDR_check);
	check = ~csum_fold(csum_add(check, delta)) & 0xffff;
	skb.view.setUint16(th + TCPHDR_check, check);
	if (skb.ip_summed === CHECKSUM_PARTIAL) {
		gso_reset_checksum(skb, ~check & 0xffff);
	} else {
		check = gso_make_checksum(skb, ~check & 0xffff);
		skb.view.setUint16(th + TCPHDR_check, check);
	}
	return segs;
}

const tcpv4_offload: net_offload = {
	gso_segment: tcp4_gso_segment,
	flags: 0,
};

/**
 * Lets large packets over IPv4 be cut; returns 0 or a negative errno.
 * @kernel net/ipv4/tcp_offload.c:342 (v5.10)
 */
export function tcpv4_offload_init(m: Machine): number {
	return inet_add_offload(m, tcpv4_offload, IPPROTO_TCP);
}
