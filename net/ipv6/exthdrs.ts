// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/exthdrs.c, base v5.10: extension headers of received packets, and of those to send.
 *
 * PORT: options are at offsets from the network header. A packet that a function drops is freed by it, as in C.
 * Not ported: mobile IPv6 (home addresses, routing type 2), segment routing and RPL, which are off as with their
 * settings at 0: their packets are dropped; CALIPSO; routing headers that a sender gives.
 */
import { get_unaligned_be16, get_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import {
	IP6CB,
	IP6SKB_HOPBYHOP,
	IP6SKB_JUMBOGRAM,
	IP6SKB_ROUTERALERT,
	ipv6_optlen,
} from '../../include/linux/ipv6.ts';
import type { Machine } from '../../include/linux/machine.ts';
import {
	PACKET_HOST,
	type sk_buff,
	skb_headlen,
	skb_network_header_len,
	skb_transport_offset,
} from '../../include/linux/skbuff.ts';
import { __in6_dev_get, __in6_dev_get_safely } from '../../include/net/addrconf.ts';
import {
	ipv6_addr_is_multicast,
	IPV6_MAXPLEN,
	type ipv6_txoptions,
	NEXTHDR_DEST,
	NEXTHDR_HOP,
} from '../../include/net/ipv6.ts';
import { ipv6_stub } from '../../include/net/ipv6_stubs.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { INET6_PROTO_NOPOLICY, type inet6_protocol } from '../../include/net/protocol.ts';
import { IP6_INC_STATS } from '../../include/net/snmp.ts';
import { ICMPV6_HDR_FIELD, ICMPV6_UNK_OPTION } from '../../include/uapi/linux/icmpv6.ts';
import { IPPROTO_DSTOPTS, IPPROTO_NONE, IPPROTO_ROUTING } from '../../include/uapi/linux/in.ts';
import {
	IPV6_TLV_JUMBO,
	IPV6_TLV_PAD1,
	IPV6_TLV_PADN,
	IPV6_TLV_ROUTERALERT,
} from '../../include/uapi/linux/in6.ts';
import {
	IPV6_OPT_HDR_nexthdr,
	IPV6_RT_HDR_nexthdr,
	IPV6_RT_HDR_segments_left,
	IPV6_RT_HDR_type,
	IPV6_SRCRT_TYPE_3,
	IPV6_SRCRT_TYPE_4,
	IPV6HDR_daddr,
	IPV6HDR_LEN,
	IPV6HDR_payload_len,
} from '../../include/uapi/linux/ipv6.ts';
import {
	IPSTATS_MIB_INADDRERRORS,
	IPSTATS_MIB_INHDRERRORS,
	IPSTATS_MIB_INTRUNCATEDPKTS,
} from '../../include/uapi/linux/snmp.ts';
import { dst_discard } from '../core/dst.ts';
import { kfree_skb, pskb_may_pull, pskb_trim_rcsum, skb_push } from '../core/skbuff.ts';
import { inet6_add_protocol } from './protocol.ts';

/** Handles one kind of option; false: the packet was freed. */
type tlvtype_func = (skb: sk_buff, offset: number) => boolean;

/** Handlers by option type. */
type tlvtype_proc = ReadonlyMap<number, tlvtype_func>;

/**
 * An option nobody knows: its type says what is to be done.
 * @returns false when the packet was freed
 * @kernel net/ipv6/exthdrs.c:74 (v5.10)
 */
function ip6_tlvopt_unknown(skb: sk_buff, optoff: number, disallow_unknowns: boolean): boolean {
	if (!disallow_unknowns) {
		const nh = skb.network_header;
		const action = skb.head[nh + optoff] >> 6;

		if (action === 0) return true;
		if (
			action === 2 ||
			(action === 3 && !ipv6_addr_is_multicast(skb.head, nh + IPV6HDR_daddr))
		) {
			ipv6_stub.of(skb.machine).icmpv6_param_prob(skb, ICMPV6_UNK_OPTION, optoff);
			return false;
		}
	}

	kfree_skb(skb);
	return false;
}

/**
 * Goes through the options of a header. The transport header is at it.
 * @param max_count how many options there may be; negative: none that is unknown
 * @returns false when the packet was freed
 * @kernel net/ipv6/exthdrs.c:114 (v5.10)
 */
function ip6_parse_tlv(procs: tlvtype_proc, skb: sk_buff, max_count: number): boolean {
	let len = ipv6_optlen(skb.head, skb.transport_header);
	let off = skb_network_header_len(skb);
	let tlv_count = 0;
	let padlen = 0;

	const disallow_unknowns = max_count < 0;
	if (disallow_unknowns) max_count = -max_count;

	bad: {
		if (skb_transport_offset(skb) + len > skb_headlen(skb)) break bad;

		off += 2;
		len -= 2;

		while (len > 0) {
			/* a handler may have moved the packet */
			const { head } = skb;
			const at = skb.network_header + off;
			let optlen = head[at + 1] + 2;

			switch (head[at]) {
				case IPV6_TLV_PAD1:
					optlen = 1;
					padlen++;
					if (padlen > 7) break bad;
					break;

				case IPV6_TLV_PADN:
					padlen += optlen;
					if (padlen > 7) break bad;
					for (let i = 2; i < optlen; i++)
						if (head[at + i] !== 0) break bad;
					break;

				default: {
					if (optlen > len) break bad;

					tlv_count++;
					if (tlv_count > max_count) break bad;

					const func = procs.get(head[at]);
					if (func !== undefined) {
						if (!func(skb, off)) return false;
					} else if (
						!ip6_tlvopt_unknown(skb, off, disallow_unknowns)
					) {
						return false;
					}

					padlen = 0;
					break;
				}
			}
			off += optlen;
			len -= optlen;
		}

		if (len === 0) return true;
	}
	kfree_skb(skb);
	return false;
}

const tlvprocdestopt_lst: tlvtype_proc = new Map<number, tlvtype_func>();

/**
 * Makes a whole extension header linear. The transport header is at it.
 * @returns its length, 0 when the packet is too short
 * @kernel PORT: shared by ipv6_destopt_rcv() and ipv6_rthdr_rcv()
 */
function exthdr_may_pull(skb: sk_buff): number {
	const off = skb_transport_offset(skb);
	if (!pskb_may_pull(skb, off + 8)) return 0;
	const extlen = ipv6_optlen(skb.head, skb.transport_header);
	return pskb_may_pull(skb, off + extlen) ? extlen : 0;
}

/**
 * Takes a destination options header.
 * @returns 1 to go on with the next header, -1 when the packet was freed
 * @kernel net/ipv6/exthdrs.c:278 (v5.10)
 */
function ipv6_destopt_rcv(skb: sk_buff): number {
	const idev = __in6_dev_get(skb.dev!);
	const net = skb.dev!.nd_net;
	const { sysctl } = net.ipv6;
	const opt = IP6CB(skb);

	const extlen = exthdr_may_pull(skb);
	if (extlen === 0) IP6_INC_STATS(skb._dst!.dev!.nd_net, idev, IPSTATS_MIB_INHDRERRORS);
	if (extlen === 0 || extlen > sysctl.max_dst_opts_len) {
		kfree_skb(skb);
		return -1;
	}

	opt.lastopt = opt.dst1 = skb_network_header_len(skb);

	if (!ip6_parse_tlv(tlvprocdestopt_lst, skb, sysctl.max_dst_opts_cnt)) {
		IP6_INC_STATS(net, idev, IPSTATS_MIB_INHDRERRORS);
		return -1;
	}

	skb.transport_header += extlen;
	opt.nhoff = opt.dst1;
	return 1;
}

/**
 * Takes a routing header: one that is used up is passed over, no other is known.
 * @returns 1 to go on with the next header, -1 when the packet was freed
 * @kernel net/ipv6/exthdrs.c:666 (v5.10)
 */
function ipv6_rthdr_rcv(skb: sk_buff): number {
	const idev = __in6_dev_get(skb.dev!);
	const opt = IP6CB(skb);
	const net = skb.dev!.nd_net;

	const extlen = exthdr_may_pull(skb);
	if (extlen === 0) {
		IP6_INC_STATS(net, idev, IPSTATS_MIB_INHDRERRORS);
		kfree_skb(skb);
		return -1;
	}

	const { head, network_header, transport_header: hdr } = skb;
	const type = head[hdr + IPV6_RT_HDR_type];

	if (
		ipv6_addr_is_multicast(head, network_header + IPV6HDR_daddr) ||
		skb.pkt_type !== PACKET_HOST
	) {
		IP6_INC_STATS(net, idev, IPSTATS_MIB_INADDRERRORS);
		kfree_skb(skb);
		return -1;
	}

	if (type === IPV6_SRCRT_TYPE_4 || type === IPV6_SRCRT_TYPE_3) {
		kfree_skb(skb);
		return -1;
	}

	if (head[hdr + IPV6_RT_HDR_segments_left] === 0) {
		opt.lastopt = opt.srcrt = skb_network_header_len(skb);
		skb.transport_header += extlen;
		opt.dst0 = opt.dst1;
		opt.dst1 = 0;
		opt.nhoff = hdr + IPV6_RT_HDR_nexthdr - network_header;
		return 1;
	}

	IP6_INC_STATS(net, idev, IPSTATS_MIB_INHDRERRORS);
	ipv6_stub
		.of(skb.machine)
		.icmpv6_param_prob(skb, ICMPV6_HDR_FIELD, hdr + IPV6_RT_HDR_type - network_header);
	return -1;
}

const rthdr_protocol: inet6_protocol = {
	handler: ipv6_rthdr_rcv,
	flags: INET6_PROTO_NOPOLICY,
};

const destopt_protocol: inet6_protocol = {
	handler: ipv6_destopt_rcv,
	flags: INET6_PROTO_NOPOLICY,
};

const nodata_protocol: inet6_protocol = {
	handler: dst_discard,
	flags: INET6_PROTO_NOPOLICY,
};

/**
 * Registers the extension headers.
 * @returns 0, or -1 when one was registered before
 * @kernel net/ipv6/exthdrs.c:870 (v5.10)
 */
export function ipv6_exthdrs_init(m: Machine): number {
	return (
		inet6_add_protocol(m, rthdr_protocol, IPPROTO_ROUTING) ||
		inet6_add_protocol(m, destopt_protocol, IPPROTO_DSTOPTS) ||
		inet6_add_protocol(m, nodata_protocol, IPPROTO_NONE)
	);
}

/**
 * Namespace of a packet that may not be routed yet.
 * @kernel net/ipv6/exthdrs.c:914 (v5.10)
 */
function ipv6_skb_net(skb: sk_buff): net {
	return (skb._dst !== null ? skb._dst.dev! : skb.dev!).nd_net;
}

/**
 * Router alert (RFC 2711).
 * @returns false when the packet was freed
 * @kernel net/ipv6/exthdrs.c:921 (v5.10)
 */
function ipv6_hop_ra(skb: sk_buff, optoff: number): boolean {
	const at = skb.network_header + optoff;

	if (skb.head[at + 1] === 2) {
		const cb = IP6CB(skb);
		cb.flags |= IP6SKB_ROUTERALERT;
		cb.ra = get_unaligned_be16(skb.head, at + 2);
		return true;
	}
	kfree_skb(skb);
	return false;
}

/**
 * Jumbo payload (RFC 2675).
 * @returns false when the packet was freed
 * @kernel net/ipv6/exthdrs.c:938 (v5.10)
 */
function ipv6_hop_jumbo(skb: sk_buff, optoff: number): boolean {
	const { head, network_header } = skb;
	const at = network_header + optoff;
	const idev = __in6_dev_get_safely(skb.dev);
	const net = ipv6_skb_net(skb);
	const stub = ipv6_stub.of(skb.machine);

	if (head[at + 1] !== 4 || (optoff & 3) !== 2) {
		IP6_INC_STATS(net, idev, IPSTATS_MIB_INHDRERRORS);
		kfree_skb(skb);
		return false;
	}

	const pkt_len = get_unaligned_be32(head, at + 2) as number;
	if (pkt_len <= IPV6_MAXPLEN) {
		IP6_INC_STATS(net, idev, IPSTATS_MIB_INHDRERRORS);
		stub.icmpv6_param_prob(skb, ICMPV6_HDR_FIELD, optoff + 2);
		return false;
	}
	if (get_unaligned_be16(head, network_header + IPV6HDR_payload_len) !== 0) {
		IP6_INC_STATS(net, idev, IPSTATS_MIB_INHDRERRORS);
		stub.icmpv6_param_prob(skb, ICMPV6_HDR_FIELD, optoff);
		return false;
	}

	if (pkt_len > skb.len - IPV6HDR_LEN) {
		IP6_INC_STATS(net, idev, IPSTATS_MIB_INTRUNCATEDPKTS);
		kfree_skb(skb);
		return false;
	}

	if (pskb_trim_rcsum(skb, pkt_len + IPV6HDR_LEN) !== 0) {
		kfree_skb(skb);
		return false;
	}

	IP6CB(skb).flags |= IP6SKB_JUMBOGRAM;
	return true;
}

const tlvprochopopt_lst: tlvtype_proc = new Map<number, tlvtype_func>([
	[IPV6_TLV_ROUTERALERT, ipv6_hop_ra],
	[IPV6_TLV_JUMBO, ipv6_hop_jumbo],
]);

/**
 * Takes a hop-by-hop options header, which is right behind the IPv6 header at skb.data.
 * @returns 1, or -1 when the packet was freed
 * @kernel net/ipv6/exthdrs.c:1018 (v5.10)
 */
export function ipv6_parse_hopopts(skb: sk_buff): number {
	const { sysctl } = skb.dev!.nd_net.ipv6;
	const opt = IP6CB(skb);

	const extlen = exthdr_may_pull(skb);
	if (extlen === 0 || extlen > sysctl.max_hbh_opts_len) {
		kfree_skb(skb);
		return -1;
	}

	opt.flags |= IP6SKB_HOPBYHOP;
	if (!ip6_parse_tlv(tlvprochopopt_lst, skb, sysctl.max_hbh_opts_cnt)) return -1;

	skb.transport_header += extlen;
	opt.nhoff = IPV6HDR_LEN;
	return 1;
}

/**
 * Puts an extension header in front of a packet.
 * @param proto what comes behind it
 * @param type the header's
 * @returns type
 * @kernel net/ipv6/exthdrs.c:1155 (v5.10)
 */
function ipv6_push_exthdr(skb: sk_buff, proto: number, type: number, opt: Uint8Array): number {
	const len = ipv6_optlen(opt, 0);
	skb_push(skb, len);
	skb.head.set(opt.subarray(0, len), skb.data);
	skb.head[skb.data + IPV6_OPT_HDR_nexthdr] = proto;
	return type;
}

/**
 * Puts the headers that go before a fragment header in front of a packet.
 * @param proto what comes behind them
 * @returns the first header's type
 * @kernel net/ipv6/exthdrs.c:1164 (v5.10)
 */
export function ipv6_push_nfrag_opts(skb: sk_buff, opt: ipv6_txoptions, proto: number): number {
	return opt.hopopt !== null ? ipv6_push_exthdr(skb, proto, NEXTHDR_HOP, opt.hopopt) : proto;
}

/**
 * Puts the headers that go behind a fragment header in front of a packet.
 * @param proto what comes behind them
 * @returns the first header's type
 * @kernel net/ipv6/exthdrs.c:1181 (v5.10)
 */
export function ipv6_push_frag_opts(skb: sk_buff, opt: ipv6_txoptions, proto: number): number {
	return opt.dst1opt !== null
		? ipv6_push_exthdr(skb, proto, NEXTHDR_DEST, opt.dst1opt)
		: proto;
}
