// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/xfrm/xfrm_output.c, base v5.10: packets into their transforms.
 *
 * Not ported: IPv6, BEET and route optimization, hardware offload.
 */
import {
	get_unaligned_be16,
	put_unaligned_be16,
	put_unaligned_be32,
} from '../../include/linux/byteorder/generic.ts';
import { LL_RESERVED_SPACE } from '../../include/linux/netdevice.ts';
import {
	CHECKSUM_PARTIAL,
	skb_headroom,
	skb_is_gso,
	skb_tailroom,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import { type dst_entry, dst_hold, dst_mtu, dst_output } from '../../include/net/dst.ts';
import { icmp_send } from '../../include/net/icmp.ts';
import {
	INET_ECN_CE,
	INET_ECN_ECT_0,
	INET_ECN_MASK,
	INET_ECN_is_ce,
} from '../../include/net/inet_ecn.ts';
import { inet_sk } from '../../include/net/inet_sock.ts';
import {
	IP_DF,
	IPCB,
	IPCB_clear,
	IPSKB_XFRM_TRANSFORMED,
	IPSKB_XFRM_TUNNEL_SIZE,
	ip_skb_dst_mtu,
} from '../../include/net/ip.ts';
import { ip_daddr } from '../../include/linux/ip.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { sock } from '../../include/net/sock.ts';
import { XFRM_STATE_VALID, type xfrm_state } from '../../include/net/xfrm.ts';
import { EHOSTUNREACH, EINVAL, EMSGSIZE } from '../../include/uapi/linux/errno.ts';
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED } from '../../include/uapi/linux/icmp.ts';
import { ETH_P_IP } from '../../include/uapi/linux/if_ether.ts';
import { IPPROTO_IPIP } from '../../include/uapi/linux/in.ts';
import {
	IPHDR_daddr,
	IPHDR_frag_off,
	IPHDR_LEN,
	IPHDR_protocol,
	IPHDR_saddr,
	IPHDR_tos,
	IPHDR_ttl,
} from '../../include/uapi/linux/ip.ts';
import { NF_INET_POST_ROUTING, NFPROTO_IPV4 } from '../../include/uapi/linux/netfilter.ts';
import {
	XFRM_MODE_TUNNEL,
	XFRM_STATE_NOECN,
	XFRM_STATE_NOPMTUDISC,
} from '../../include/uapi/linux/xfrm.ts';
import { skb_checksum_help, skb_gso_segment } from '../core/dev.ts';
import {
	__skb_pull,
	kfree_skb,
	kfree_skb_list,
	nf_reset_ct,
	pskb_expand_head,
	skb_dst_drop,
	skb_dst_force,
	skb_ext_reset,
	skb_gso_validate_network_len,
} from '../core/skbuff.ts';
import { ip_select_ident } from '../ipv4/ip_output.ts';
import { ip_local_error } from '../ipv4/ip_sockglue.ts';
import { ip4_dst_hoplimit } from '../ipv4/route.ts';
import { nf_hook } from '../netfilter/core.ts';
import { xfrm_dst_child } from './xfrm_policy.ts';
import { XFRM_INC_STATS } from './xfrm_proc.ts';
import { xfrm_replay_overflow } from './xfrm_replay.ts';
import { xfrm_state_check_expire } from './xfrm_state.ts';

/**
 * Makes room for all headers and trailers of the chain.
 * @returns 0 or a negative errno
 * @kernel net/xfrm/xfrm_output.c:30 (v5.10)
 */
function xfrm_skb_check_space(skb: sk_buff): number {
	const dst = skb._dst!;
	const nhead = dst.header_len + LL_RESERVED_SPACE(dst.dev!) - skb_headroom(skb);
	const ntail = dst.dev!.needed_tailroom - skb_tailroom(skb);
	if (nhead <= 0 && ntail <= 0) return 0;
	return pskb_expand_head(skb, Math.max(nhead, 0), Math.max(ntail, 0));
}

/**
 * Exchanges a packet's destination for the one below.
 * @kernel net/xfrm/xfrm_output.c:51 (v5.10)
 */
function skb_dst_pop(skb: sk_buff): dst_entry | null {
	const child = xfrm_dst_child(skb._dst!);
	if (child !== null) dst_hold(child);
	skb_dst_drop(skb);
	return child;
}

/**
 * Moves the IP header in front of the room for the transform's own.
 * @kernel net/xfrm/xfrm_output.c:64 (v5.10)
 */
function xfrm4_transport_output(x: xfrm_state, skb: sk_buff): number {
	const iph = skb.network_header;
	const ihl = (skb.head[iph] & 0xf) * 4;
	skb.network_header = skb.data - x.props.header_len;
	skb.mac_header = skb.network_header + IPHDR_protocol;
	skb.transport_header = skb.network_header + ihl;
	__skb_pull(skb, ihl);
	skb.head.copyWithin(skb.network_header, iph, iph + ihl);
	return 0;
}

/**
 * Writes the outer IP header; length, protocol's place and checksum follow from what comes.
 * @kernel net/xfrm/xfrm_output.c:328 (v5.10)
 */
function xfrm4_prepare_output(x: xfrm_state, skb: sk_buff): number {
	const err = xfrm4_tunnel_check_size(skb);
	if (err !== 0) return err;
	const dst = skb._dst!;
	const inner = skb.network_header;
	const inner_tos = skb.head[inner + IPHDR_tos];
	const inner_frag_off = get_unaligned_be16(skb.head, inner + IPHDR_frag_off);
	IPCB(skb).flags |= IPSKB_XFRM_TUNNEL_SIZE;
	skb.protocol = ETH_P_IP;
	skb.network_header = skb.data - x.props.header_len;
	skb.mac_header = skb.network_header + IPHDR_protocol;
	skb.transport_header = skb.network_header + IPHDR_LEN;
	const { head, network_header: iph } = skb;
	head[iph] = 0x45;
	head[iph + IPHDR_protocol] = IPPROTO_IPIP;
	let ecn = inner_tos & INET_ECN_MASK;
	if (INET_ECN_is_ce(inner_tos) || ecn === INET_ECN_CE) ecn = INET_ECN_ECT_0;
	if ((x.props.flags & XFRM_STATE_NOECN) !== 0) ecn = 0;
	head[iph + IPHDR_tos] = (inner_tos & ~INET_ECN_MASK) | ecn;
	put_unaligned_be16(
		(x.props.flags & XFRM_STATE_NOPMTUDISC) !== 0 ? 0 : inner_frag_off & IP_DF,
		head,
		iph + IPHDR_frag_off,
	);
	head[iph + IPHDR_ttl] = ip4_dst_hoplimit(xfrm_dst_child(dst)!);
	put_unaligned_be32(x.props.saddr, head, iph + IPHDR_saddr);
	put_unaligned_be32(x.id.daddr, head, iph + IPHDR_daddr);
	ip_select_ident(dst.dev!.nd_net, skb, null);
	return 0;
}

/**
 * Puts a packet through the transforms up to the next tunnel or the plain route.
 * @returns 0, or a negative errno and the packet is gone
 * @kernel net/xfrm/xfrm_output.c:413 (v5.10)
 */
function xfrm_output_one(skb: sk_buff): number {
	let x = skb._dst!.xfrm!;
	const net = x.xs_net;
	let err = 0;
	error: {
		for (;;) {
			err = xfrm_skb_check_space(skb);
			if (err !== 0) {
				XFRM_INC_STATS(net, 'XfrmOutError');
				break error;
			}
			err =
				x.props.mode === XFRM_MODE_TUNNEL
					? xfrm4_prepare_output(x, skb)
					: xfrm4_transport_output(x, skb);
			if (err !== 0) {
				XFRM_INC_STATS(net, 'XfrmOutStateModeError');
				break error;
			}
			if (x.km_state !== XFRM_STATE_VALID) {
				XFRM_INC_STATS(net, 'XfrmOutStateInvalid');
				err = -EINVAL;
				break error;
			}
			err = xfrm_state_check_expire(x);
			if (err !== 0) {
				XFRM_INC_STATS(net, 'XfrmOutStateExpired');
				break error;
			}
			err = xfrm_replay_overflow(x, skb);
			if (err !== 0) {
				XFRM_INC_STATS(net, 'XfrmOutStateSeqError');
				break error;
			}
			x.curlft.bytes += skb.len;
			x.curlft.packets++;
			if (!skb_dst_force(skb)) {
				XFRM_INC_STATS(net, 'XfrmOutError');
				err = -EHOSTUNREACH;
				break error;
			}
			skb.encapsulation = false;
			err = x.type!.output(x, skb);
			if (err !== 0) {
				XFRM_INC_STATS(net, 'XfrmOutStateProtoError');
				break error;
			}
			const dst = skb_dst_pop(skb);
			if (dst === null) {
				XFRM_INC_STATS(net, 'XfrmOutError');
				err = -EHOSTUNREACH;
				break error;
			}
			skb._dst = dst;
			skb._dst_noref = false;
			if (dst.xfrm === null || dst.xfrm.props.mode === XFRM_MODE_TUNNEL) return 0;
			x = dst.xfrm;
		}
	}
	kfree_skb(skb);
	return err;
}

/**
 * Sends a packet through its transforms and on.
 * @returns what the output answers, or a negative errno
 * @kernel net/xfrm/xfrm_output.c:535 (v5.10)
 */
function xfrm_output2(net: net, _sk: sock | null, skb: sk_buff): number {
	let err = 0;
	while ((err = xfrm_output_one(skb)) === 0) {
		nf_reset_ct(skb);
		err = skb._dst!.ops.local_out!(net, skb.sk, skb);
		if (err !== 1) return err;
		if (skb._dst!.xfrm === null) return dst_output(net, skb.sk, skb);
		err = nf_hook(
			NFPROTO_IPV4,
			NF_INET_POST_ROUTING,
			net,
			skb.sk,
			skb,
			null,
			skb._dst!.dev,
			xfrm_output2,
		);
		if (err !== 1) return err;
	}
	return err;
}

/**
 * Cuts a large packet and sends the pieces.
 * @kernel net/xfrm/xfrm_output.c:540 (v5.10)
 */
function xfrm_output_gso(net: net, sk: sock | null, skb: sk_buff): number {
	let segs = skb_gso_segment(skb, 0);
	kfree_skb(skb);
	if (typeof segs === 'number') return segs;
	if (segs === null) return -EINVAL;
	while (segs !== null) {
		const nskb: sk_buff | null = segs.next;
		segs.next = null;
		const err = xfrm_output2(net, sk, segs);
		if (err !== 0) {
			kfree_skb_list(nskb);
			return err;
		}
		segs = nskb;
	}
	return 0;
}

/**
 * Sends a packet whose destination is a bundle.
 * @returns what the output answers, or a negative errno
 * @kernel net/xfrm/xfrm_output.c:568 (v5.10)
 */
export function xfrm_output(sk: sock | null, skb: sk_buff): number {
	const net = skb._dst!.dev!.nd_net;
	IPCB_clear(skb);
	IPCB(skb).flags |= IPSKB_XFRM_TRANSFORMED;
	skb_ext_reset(skb);
	if (skb_is_gso(skb)) return xfrm_output_gso(net, sk, skb);
	if (skb.ip_summed === CHECKSUM_PARTIAL) {
		const err = skb_checksum_help(skb);
		if (err !== 0) {
			XFRM_INC_STATS(net, 'XfrmOutError');
			kfree_skb(skb);
			return err;
		}
	}
	return xfrm_output2(net, sk, skb);
}

/**
 * Tells the sender when a packet that may not be cut does not fit.
 * @returns 0 or -EMSGSIZE
 * @kernel net/xfrm/xfrm_output.c:632 (v5.10)
 */
function xfrm4_tunnel_check_size(skb: sk_buff): number {
	if ((IPCB(skb).flags & IPSKB_XFRM_TUNNEL_SIZE) !== 0) return 0;
	if (
		(get_unaligned_be16(skb.head, skb.network_header + IPHDR_frag_off) & IP_DF) === 0 ||
		skb.ignore_df
	)
		return 0;
	const mtu = dst_mtu(skb._dst!);
	const fits = skb_is_gso(skb)
		? skb_gso_validate_network_len(skb, ip_skb_dst_mtu(skb.sk, skb))
		: skb.len <= mtu;
	if (fits) return 0;
	skb.protocol = ETH_P_IP;
	if (skb.sk !== null)
		ip_local_error(skb.sk, EMSGSIZE, ip_daddr(skb), inet_sk(skb.sk).inet_dport, mtu);
	else icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
	return -EMSGSIZE;
}
