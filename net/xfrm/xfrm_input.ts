// SPDX-License-Identifier: GPL-2.0
/*
 * net/xfrm/xfrm_input.c, base v5.10: received packets out of their transforms.
 *
 * PORT: gro_cells_receive(), which hands the inner packet to the stack from a softirq of its own, is netif_rx().
 * Not ported: IPv6, BEET, asynchronous crypto, offload, UDP encapsulation.
 */
import {
	get_unaligned_be16,
	get_unaligned_be32,
	htonl,
	put_unaligned_be16,
} from '../../include/linux/byteorder/generic.ts';
import { ip_daddr } from '../../include/linux/ip.ts';
import { skb_mac_header_was_set, type sk_buff } from '../../include/linux/skbuff.ts';
import { AF_INET, AF_UNSPEC } from '../../include/linux/socket.ts';
import type { __be32 } from '../../include/linux/types.ts';
import { INET_ECN_is_ce } from '../../include/net/inet_ecn.ts';
import { sec_path, XFRM_STATE_VALID, type xfrm_state } from '../../include/net/xfrm.ts';
import { EBADMSG, EINVAL } from '../../include/uapi/linux/errno.ts';
import { ETH_P_IP } from '../../include/uapi/linux/if_ether.ts';
import { IPPROTO_ESP, IPPROTO_IPIP } from '../../include/uapi/linux/in.ts';
import { IPHDR_LEN, IPHDR_check, IPHDR_tos, IPHDR_tot_len } from '../../include/uapi/linux/ip.ts';
import { ESPHDR_LEN, ESPHDR_seq_no, ESPHDR_spi } from '../../include/net/esp.ts';
import {
	XFRM_MAX_DEPTH,
	XFRM_MODE_TUNNEL,
	XFRM_STATE_DECAP_DSCP,
	XFRM_STATE_NOECN,
} from '../../include/uapi/linux/xfrm.ts';
import { netif_rx } from '../core/dev.ts';
import {
	kfree_skb,
	nf_reset_ct,
	pskb_may_pull,
	skb_dst_drop,
	skb_dst_force,
	skb_ext_reset,
	skb_unclone,
} from '../core/skbuff.ts';
import { ip_send_check } from '../ipv4/ip_output.ts';
import { xfrm4_transport_finish } from '../ipv4/xfrm4_input.ts';
import { XFRM_INC_STATS } from './xfrm_proc.ts';
import { xfrm_replay_advance, xfrm_replay_check } from './xfrm_replay.ts';
import { xfrm_state_check_expire, xfrm_state_lookup } from './xfrm_state.ts';

/** SPI and sequence number of a packet. */
interface spi_seq {
	spi: __be32;
	/** Host order. */
	seq: number;
}

/**
 * Reads SPI and sequence number.
 * @param nexthdr protocol at the data pointer
 * @returns -EINVAL when the packet is too short, 1 when the protocol is no transform
 * @kernel net/xfrm/xfrm_input.c:139 (v5.10)
 */
export function xfrm_parse_spi(skb: sk_buff, nexthdr: number): spi_seq | number {
	if (nexthdr !== IPPROTO_ESP) return 1;
	if (!pskb_may_pull(skb, ESPHDR_LEN)) return -EINVAL;
	return {
		spi: htonl(get_unaligned_be32(skb.head, skb.data + ESPHDR_spi)),
		seq: get_unaligned_be32(skb.head, skb.data + ESPHDR_seq_no),
	};
}

/**
 * Moves the link-layer header in front of the inner packet.
 * @kernel include/linux/skbuff.h:2584 (v5.10)
 */
function skb_mac_header_rebuild(skb: sk_buff): void {
	if (!skb_mac_header_was_set(skb)) return;
	const from = skb.mac_header;
	skb.mac_header = skb.data - skb.mac_len;
	skb.head.copyWithin(skb.mac_header, from, from + skb.mac_len);
}

/**
 * Makes the inner packet of a tunnel the packet.
 * @param protocol what the trailer says is inside
 * @returns 0 or a negative errno
 * @kernel net/xfrm/xfrm_input.c:228 (v5.10)
 */
function xfrm4_remove_tunnel_encap(x: xfrm_state, skb: sk_buff, protocol: number): number {
	const outer_tos = skb.head[skb.network_header + IPHDR_tos];
	skb.protocol = ETH_P_IP;
	if (protocol !== IPPROTO_IPIP) return -EINVAL;
	if (!pskb_may_pull(skb, IPHDR_LEN)) return -EINVAL;
	const err = skb_unclone(skb);
	if (err !== 0) return err;
	const inner = skb.data;
	const { head } = skb;
	const tos = head[inner + IPHDR_tos];
	let new_tos = tos;
	if ((x.props.flags & XFRM_STATE_DECAP_DSCP) !== 0) new_tos = (outer_tos & 0xfc) | (tos & 3);
	if ((x.props.flags & XFRM_STATE_NOECN) === 0 && INET_ECN_is_ce(outer_tos) && (tos & 3) !== 0)
		new_tos |= 3;
	if (new_tos !== tos) {
		head[inner + IPHDR_tos] = new_tos;
		let sum = get_unaligned_be16(head, inner + IPHDR_check) + (tos & 0xff) + (~new_tos & 0xffff);
		sum = (sum & 0xffff) + (sum >>> 16);
		sum = (sum & 0xffff) + (sum >>> 16);
		put_unaligned_be16(sum, head, inner + IPHDR_check);
	}
	skb.network_header = skb.data;
	skb_mac_header_rebuild(skb);
	if (skb.mac_len !== 0) put_unaligned_be16(skb.protocol, skb.head, skb.mac_header + 12);
	return 0;
}

/**
 * Moves the IP header over the transform's own.
 * @kernel net/xfrm/xfrm_input.c:400 (v5.10)
 */
function xfrm4_transport_input(skb: sk_buff): number {
	const ihl = skb.data - skb.transport_header;
	if (skb.transport_header !== skb.network_header) {
		skb.head.copyWithin(skb.transport_header, skb.network_header, skb.network_header + ihl);
		skb.network_header = skb.transport_header;
	}
	put_unaligned_be16(skb.len + ihl, skb.head, skb.network_header + IPHDR_tot_len);
	ip_send_check(skb.view, skb.network_header);
	skb.transport_header = skb.data;
	return 0;
}

/**
 * Undoes all transforms of a received packet and hands it on.
 * @param nexthdr protocol at the data pointer
 * @returns 0; for transport mode what the inner protocol's receiver asks
 * @kernel net/xfrm/xfrm_input.c:459 (v5.10)
 */
export function xfrm_input(skb: sk_buff, nexthdr: number): number {
	const net = skb.dev!.nd_net;
	drop: {
		const { sp: shared } = skb;
		const sp = new sec_path();
		if (shared !== null) {
			for (const x of shared.xvec) {
				x.refcnt++;
				sp.xvec.push(x);
			}
			skb_ext_reset(skb);
		}
		skb.sp = sp;
		let parsed = xfrm_parse_spi(skb, nexthdr);
		if (typeof parsed === 'number') {
			skb_ext_reset(skb);
			XFRM_INC_STATS(net, 'XfrmInHdrError');
			break drop;
		}
		let daddr = ip_daddr(skb);
		for (;;) {
			const { spi, seq } = parsed;
			if (sp.xvec.length === XFRM_MAX_DEPTH) {
				skb_ext_reset(skb);
				XFRM_INC_STATS(net, 'XfrmInBufferError');
				break drop;
			}
			const x = xfrm_state_lookup(net, daddr, spi, nexthdr);
			if (x === null) {
				skb_ext_reset(skb);
				XFRM_INC_STATS(net, 'XfrmInNoStates');
				break drop;
			}
			sp.xvec.push(x);
			if (!skb_dst_force(skb)) {
				XFRM_INC_STATS(net, 'XfrmInError');
				break drop;
			}
			if (x.km_state !== XFRM_STATE_VALID) {
				XFRM_INC_STATS(net, 'XfrmInStateInvalid');
				break drop;
			}
			if (xfrm_replay_check(x, seq) !== 0) {
				XFRM_INC_STATS(net, 'XfrmInStateSeqError');
				break drop;
			}
			if (xfrm_state_check_expire(x) !== 0) {
				XFRM_INC_STATS(net, 'XfrmInStateExpired');
				break drop;
			}
			nexthdr = x.type!.input(x, skb);
			if (nexthdr < 0) {
				if (nexthdr === -EBADMSG) x.stats.integrity_failed++;
				XFRM_INC_STATS(net, 'XfrmInStateProtoError');
				break drop;
			}
			if (xfrm_replay_check(x, seq) !== 0) {
				XFRM_INC_STATS(net, 'XfrmInStateSeqError');
				break drop;
			}
			xfrm_replay_advance(x, seq);
			x.curlft.bytes += skb.len;
			x.curlft.packets++;
			if (x.sel.family !== AF_UNSPEC && x.sel.family !== AF_INET) {
				XFRM_INC_STATS(net, 'XfrmInStateModeError');
				break drop;
			}
			if (x.props.mode === XFRM_MODE_TUNNEL) {
				if (xfrm4_remove_tunnel_encap(x, skb, nexthdr) !== 0) {
					XFRM_INC_STATS(net, 'XfrmInStateModeError');
					break drop;
				}
				nf_reset_ct(skb);
				skb_dst_drop(skb);
				netif_rx(skb);
				return 0;
			}
			xfrm4_transport_input(skb);
			({ daddr } = x.id);
			parsed = xfrm_parse_spi(skb, nexthdr);
			if (typeof parsed !== 'number') continue;
			if (parsed < 0) {
				XFRM_INC_STATS(net, 'XfrmInHdrError');
				break drop;
			}
			nf_reset_ct(skb);
			return xfrm4_transport_finish(skb, nexthdr);
		}
	}
	kfree_skb(skb);
	return 0;
}
