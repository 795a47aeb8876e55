// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/ip6_offload.c, base v5.10: cutting GSO packets over IPv6.
 *
 * Not ported: GRO; tunnels over and in IPv6; UDP (no datagram here is a GSO packet), and with it
 * net/ipv6/udp_offload.c.
 */
import { put_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { ipv6_optlen } from '../../include/linux/ipv6.ts';
import type { Machine } from '../../include/linux/machine.ts';
import {
	skb_reset_mac_len,
	skb_reset_network_header,
	skb_reset_transport_header,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import { NEXTHDR_HOP } from '../../include/net/ipv6.ts';
import { INET6_PROTO_GSO_EXTHDR, inet6_offloads } from '../../include/net/protocol.ts';
import { EINVAL, EPROTONOSUPPORT } from '../../include/uapi/linux/errno.ts';
import { ETH_P_IPV6 } from '../../include/uapi/linux/if_ether.ts';
import {
	IPV6_OPT_HDR_nexthdr,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_payload_len,
} from '../../include/uapi/linux/ipv6.ts';
import { dev_add_offload } from '../core/dev.ts';
import { __skb_pull, pskb_may_pull } from '../core/skbuff.ts';
import { ipv6_exthdrs_offload_init } from './exthdrs_offload.ts';
import { tcpv6_offload_init } from './tcpv6_offload.ts';

/**
 * Pulls the extension headers.
 * @param proto next header value of what data is at
 * @returns next header value of what follows them
 * @kernel net/ipv6/ip6_offload.c:38 (v5.10)
 */
function ipv6_gso_pull_exthdrs(skb: sk_buff, proto: number): number {
	const offloads = inet6_offloads.of(skb.machine);

	for (;;) {
		if (proto !== NEXTHDR_HOP) {
			const ops = offloads[proto];
			if (ops === null || (ops.flags & INET6_PROTO_GSO_EXTHDR) === 0) break;
		}

		if (!pskb_may_pull(skb, 8)) break;

		const len = ipv6_optlen(skb.head, skb.data);

		if (!pskb_may_pull(skb, len)) break;

		proto = skb.head[skb.data + IPV6_OPT_HDR_nexthdr];
		__skb_pull(skb, len);
	}

	return proto;
}

/**
 * Cuts a GSO packet, data at the IPv6 header.
 * @param features NETIF_F_*: what the device does itself
 * @returns the first packet, null when the packet can go out as it is, -EINVAL, -EPROTONOSUPPORT
 * @kernel net/ipv6/ip6_offload.c:73 (v5.10)
 */
function ipv6_gso_segment(skb: sk_buff, features: number): sk_buff | null | number {
	skb_reset_network_header(skb);
	const nhoff = skb.network_header - skb.mac_header;
	if (!pskb_may_pull(skb, IPV6HDR_LEN)) return -EINVAL;

	const nexthdr = skb.head[skb.network_header + IPV6HDR_nexthdr];
	__skb_pull(skb, IPV6HDR_LEN);

	const ops = inet6_offloads.of(skb.machine)[ipv6_gso_pull_exthdrs(skb, nexthdr)];
	if (ops?.gso_segment === undefined) return -EPROTONOSUPPORT;

	skb_reset_transport_header(skb);
	const segs = ops.gso_segment(skb, features);
	if (segs === null || IS_ERR(segs)) return segs;

	for (let seg: sk_buff | null = segs; seg !== null; seg = seg.next) {
		const ipv6h = seg.mac_header + nhoff;
		put_unaligned_be16(
			seg.len - nhoff - IPV6HDR_LEN,
			seg.head,
			ipv6h + IPV6HDR_payload_len,
		);
		seg.network_header = ipv6h;
		skb_reset_mac_len(seg);
	}
	return segs;
}

/**
 * Starts the cutting of GSO packets over IPv6.
 * @returns 0
 * @kernel net/ipv6/ip6_offload.c:428 (v5.10)
 */
export function ipv6_offload_init(m: Machine): number {
	if (tcpv6_offload_init(m) < 0)
		m.printk('ipv6_offload_init: Cannot add TCP protocol offload');
	if (ipv6_exthdrs_offload_init(m) < 0)
		m.printk('ipv6_offload_init: Cannot add EXTHDRS protocol offload');

	dev_add_offload(m, { type: ETH_P_IPV6, gso_segment: ipv6_gso_segment });
	return 0;
}
