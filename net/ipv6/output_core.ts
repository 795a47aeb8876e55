// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv6/output_core.c, base v5.10: fragment identification, local output.
 *
 * PORT: identifications start from a keyed hash of the two addresses as in C, with the machine's own key; the
 * counters behind it belong to this file, because nothing outside compares them with those of IPv4.
 * Not ported: ipv6_proxy_select_ident, for drivers whose guests leave the identification out.
 */
import { htonl, put_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import { jhash } from '../../include/linux/jhash.ts';
import { IP6CB, ipv6_optlen } from '../../include/linux/ipv6.ts';
import { machine_var, prandom_u32, type Machine } from '../../include/linux/machine.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import type { __be32 } from '../../include/linux/types.ts';
import { __in6_dev_get } from '../../include/net/addrconf.ts';
import {
	dst_metric_raw,
	dst_output,
	RTAX_HOPLIMIT,
	type dst_entry,
} from '../../include/net/dst.ts';
import {
	IPV6_MAXPLEN,
	NEXTHDR_DEST,
	NEXTHDR_HOP,
	NEXTHDR_ROUTING,
} from '../../include/net/ipv6.ts';
import { l3mdev_ip6_out } from '../../include/net/l3mdev.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { sock } from '../../include/net/sock.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import { ETH_P_IPV6 } from '../../include/uapi/linux/if_ether.ts';
import {
	IPV6_OPT_HDR_LEN,
	IPV6_OPT_HDR_nexthdr,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_payload_len,
} from '../../include/uapi/linux/ipv6.ts';
import { NF_INET_LOCAL_OUT, NFPROTO_IPV6 } from '../../include/uapi/linux/netfilter.ts';
import { nf_hook } from '../netfilter/core.ts';

/** Counters of identifications and the key that picks one. */
class ip6_idents {
	readonly key: number;
	readonly idents: Uint32Array;

	/**
	 * @param m whose random numbers they start from
	 * @kernel PORT: net/ipv4/route.c ip_idents
	 */
	constructor(m: Machine) {
		this.key = prandom_u32(m);
		this.idents = new Uint32Array(256);
		for (let i = 0; i < this.idents.length; i++) this.idents[i] = prandom_u32(m);
	}
}

const idents = machine_var((m) => new ip6_idents(m));

/**
 * Next identification for a pair of addresses, never 0.
 * @kernel net/ipv6/output_core.c:14 (v5.10)
 */
function __ipv6_select_ident(
	net: net,
	dst: Uint8Array,
	dst_off: number,
	src: Uint8Array,
	src_off: number,
): number {
	const t = idents.of(net.machine);
	const hash = jhash(src, src_off, 16, jhash(dst, dst_off, 16, t.key));
	const i = hash & (t.idents.length - 1);
	const id = t.idents[i];
	t.idents[i] = id + 1;
	return id !== 0 ? id : 0x80000000;
}

/**
 * Identification for fragments.
 * @returns network order
 * @kernel net/ipv6/output_core.c:71 (v5.10)
 */
export function ipv6_select_ident(
	net: net,
	daddr: Uint8Array,
	saddr: Uint8Array,
	doff = 0,
	soff = 0,
): __be32 {
	return htonl(__ipv6_select_ident(net, daddr, doff, saddr, soff));
}

/**
 * Where the headers that each fragment repeats end.
 * @returns their length from the network header, -EINVAL for a broken chain; the byte that announces the next
 * header is then at ip6_find_1stfragopt_prevhdr()
 * @kernel net/ipv6/output_core.c:82 (v5.10)
 */
export function ip6_find_1stfragopt(skb: sk_buff): number {
	let offset = IPV6HDR_LEN;
	const packet_len = skb.tail - skb.network_header;
	const nh = skb.network_header;
	let found_rhdr = false;
	let nexthdr = nh + IPV6HDR_nexthdr;

	while (offset <= packet_len) {
		switch (skb.head[nexthdr]) {
			case NEXTHDR_HOP:
				break;
			case NEXTHDR_ROUTING:
				found_rhdr = true;
				break;
			case NEXTHDR_DEST:
				if (found_rhdr) return offset;
				break;
			default:
				return offset;
		}

		if (offset + IPV6_OPT_HDR_LEN > packet_len) return -EINVAL;

		const exthdr = nh + offset;
		offset += ipv6_optlen(skb.head, exthdr);
		if (offset > IPV6_MAXPLEN) return -EINVAL;
		nexthdr = exthdr + IPV6_OPT_HDR_nexthdr;
	}

	return -EINVAL;
}

/**
 * Where the byte stands that announces the header at the end of the unfragmentable part.
 * @param hlen what ip6_find_1stfragopt() answered
 * @returns offset from the network header
 * @kernel PORT: the C's ip6_find_1stfragopt() gives both at once
 */
export function ip6_find_1stfragopt_prevhdr(skb: sk_buff, hlen: number): number {
	let offset = IPV6HDR_LEN;
	let nexthdr = IPV6HDR_nexthdr;
	while (offset < hlen) {
		nexthdr = offset + IPV6_OPT_HDR_nexthdr;
		offset += ipv6_optlen(skb.head, skb.network_header + offset);
	}
	return nexthdr;
}

/**
 * Hop limit for packets to a destination.
 * @kernel net/ipv6/output_core.c:128 (v5.10)
 */
export function ip6_dst_hoplimit(dst: dst_entry): number {
	let hoplimit = dst_metric_raw(dst, RTAX_HOPLIMIT);
	if (hoplimit === 0) {
		const dev = dst.dev!;
		const idev = __in6_dev_get(dev);
		hoplimit =
			idev !== null ? idev.cnf.hop_limit : dev.nd_net.ipv6.devconf_all!.hop_limit;
	}
	return hoplimit;
}

/**
 * Completes a packet of this host and shows it to the output hooks.
 * @returns 1 when the caller shall send it on
 * @kernel net/ipv6/output_core.c:148 (v5.10)
 */
export function __ip6_local_out(net: net, sk: sock | null, skb: sk_buff): number {
	let len = skb.len - IPV6HDR_LEN;
	if (len > IPV6_MAXPLEN) len = 0;
	put_unaligned_be16(len, skb.head, skb.network_header + IPV6HDR_payload_len);
	IP6CB(skb).nhoff = IPV6HDR_nexthdr;

	const out = l3mdev_ip6_out(sk, skb);
	if (out === null) /* unlikely */ return 0;
	skb = out;

	skb.protocol = ETH_P_IPV6;

	return nf_hook(
		NFPROTO_IPV6,
		NF_INET_LOCAL_OUT,
		net,
		sk,
		skb,
		null,
		skb._dst!.dev,
		dst_output,
	);
}

/**
 * Sends a packet of this host.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/output_core.c:173 (v5.10)
 */
export function ip6_local_out(net: net, sk: sock | null, skb: sk_buff): number {
	let err = __ip6_local_out(net, sk, skb);
	if (err === 1) /* likely */ err = dst_output(net, sk, skb);
	return err;
}
