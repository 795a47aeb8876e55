// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/esp4.c, base v5.10: the Encapsulating Security Payload over IPv4.
 *
 * Not ported: UDP and TCP encapsulation, extended sequence numbers, AEAD algorithms, TFC padding, segments
 * across page fragments (a packet is made linear first).
 */
import { get_unaligned_be32, htonl, put_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import { get_random_bytes, type Machine } from '../../include/linux/machine.ts';
import { CHECKSUM_NONE, skb_cloned, skb_tailroom, type sk_buff } from '../../include/linux/skbuff.ts';
import type { __be32 } from '../../include/linux/types.ts';
import { ESPHDR_LEN, ESPHDR_seq_no, ESPHDR_spi, esp_output_fill_trailer } from '../../include/net/esp.ts';
import type { net_protocol } from '../../include/net/protocol.ts';
import type { xfrm_state, xfrm_type } from '../../include/net/xfrm.ts';
import { EAGAIN, EBADMSG, EINVAL } from '../../include/uapi/linux/errno.ts';
import { ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, ICMP_REDIRECT } from '../../include/uapi/linux/icmp.ts';
import { IPPROTO_ESP, IPPROTO_NONE } from '../../include/uapi/linux/in.ts';
import { IPHDR_daddr, IPHDR_LEN } from '../../include/uapi/linux/ip.ts';
import { XFRM_MODE_TUNNEL } from '../../include/uapi/linux/xfrm.ts';
import {
	__skb_push,
	pskb_expand_head,
	pskb_may_pull,
	pskb_trim,
	skb_linearize,
	skb_pull_rcsum,
	skb_put,
} from '../core/skbuff.ts';
import { crypto_alloc_authenc } from '../xfrm/xfrm_algo.ts';
import { xfrm_input } from '../xfrm/xfrm_input.ts';
import { xfrm_register_type, xfrm_state_lookup, xfrm_state_put } from '../xfrm/xfrm_state.ts';
import { inet_add_protocol } from './protocol.ts';
import { ipv4_redirect, ipv4_update_pmtu } from './route.ts';

/**
 * Encrypts a packet: data at the payload, the room for the header in front of it, the protocol field of the IP
 * header at mac_header.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/esp4.c:653 (v5.10)
 */
function esp_output(x: xfrm_state, skb: sk_buff): number {
	const aead = x.data!;
	const proto = skb.head[skb.mac_header];
	skb.head[skb.mac_header] = IPPROTO_ESP;
	const blksize = (aead.blocksize + 3) & ~3;
	const len = skb.len;
	const clen = (len + 2 + blksize - 1) & ~(blksize - 1);
	const tailen = clen - len + aead.authsize;
	let err = skb_linearize(skb);
	if (err !== 0) return err;
	if (skb_cloned(skb) || skb_tailroom(skb) < tailen) {
		err = pskb_expand_head(skb, 0, Math.max(0, tailen - skb_tailroom(skb)));
		if (err !== 0) return err;
	}
	const tail = skb_put(skb, tailen);
	const { head } = skb;
	esp_output_fill_trailer(head, tail, clen - len, proto);
	const esph = skb.transport_header;
	put_unaligned_be32(x.id.spi, head, esph + ESPHDR_spi);
	put_unaligned_be32(skb.cb0, head, esph + ESPHDR_seq_no);
	__skb_push(skb, skb.data - skb.network_header);
	const iv = new Uint8Array(aead.ivsize);
	get_random_bytes(skb.machine, iv);
	aead.encrypt(head, esph, ESPHDR_LEN, clen, iv);
	return 0;
}

/**
 * Cuts off padding and authentication value.
 * @returns the protocol inside, or -EINVAL
 * @kernel net/ipv4/esp4.c:703 (v5.10)
 */
function esp_remove_trailer(x: xfrm_state, skb: sk_buff): number {
	const aead = x.data!;
	const elen = skb.len - ESPHDR_LEN - aead.ivsize;
	const padlen = skb.head[skb.tail - aead.authsize - 2];
	const nexthdr = skb.head[skb.tail - aead.authsize - 1];
	if (padlen + 2 + aead.authsize >= elen) return -EINVAL;
	pskb_trim(skb, skb.len - aead.authsize - padlen - 2);
	return nexthdr;
}

/**
 * Decrypts a packet: data at the ESP header.
 * @returns the protocol inside with data at it, -EBADMSG when it is not authentic, -EINVAL when it is broken
 * @kernel net/ipv4/esp4.c:881 (v5.10)
 */
function esp_input(x: xfrm_state, skb: sk_buff): number {
	const aead = x.data!;
	const hlen = ESPHDR_LEN + aead.ivsize;
	const elen = skb.len - hlen;
	if (!pskb_may_pull(skb, hlen) || elen <= 0) return -EINVAL;
	let err = skb_linearize(skb);
	if (err === 0 && skb_cloned(skb)) err = pskb_expand_head(skb, 0, 0);
	if (err !== 0) return err;
	skb.ip_summed = CHECKSUM_NONE;
	if (elen < aead.authsize) return -EINVAL;
	if (!aead.decrypt(skb.head, skb.data, ESPHDR_LEN, elen - aead.authsize)) return -EBADMSG;
	const nexthdr = esp_remove_trailer(x, skb);
	if (nexthdr < 0) return nexthdr;
	const ihl = (skb.head[skb.network_header] & 0xf) * 4;
	skb_pull_rcsum(skb, hlen);
	skb.transport_header = x.props.mode === XFRM_MODE_TUNNEL ? skb.data : skb.data - ihl;
	return nexthdr === IPPROTO_NONE ? -EINVAL : nexthdr;
}

/**
 * Hears of an ICMP error about a packet of a transform.
 * @returns 0
 * @kernel net/ipv4/esp4.c:974 (v5.10)
 */
function esp4_err(skb: sk_buff, info: number): number {
	const net = skb.dev!.nd_net;
	const { head, data } = skb;
	const type = head[skb.transport_header];
	const code = head[skb.transport_header + 1];
	if (!(type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED) && type !== ICMP_REDIRECT) return 0;
	const x = xfrm_state_lookup(
		net,
		get_unaligned_be32(head, data + IPHDR_daddr),
		htonl(get_unaligned_be32(head, data + (head[data] & 0xf) * 4 + ESPHDR_spi)),
		IPPROTO_ESP,
	);
	if (x === null) return 0;
	if (type === ICMP_DEST_UNREACH) ipv4_update_pmtu(skb, net, info, 0, IPPROTO_ESP);
	else ipv4_redirect(skb, net, 0, IPPROTO_ESP);
	xfrm_state_put(x);
	return 0;
}

/**
 * Prepares a state: keys, lengths.
 * @returns 0, -EINVAL without a cipher or for a key that does not fit
 * @kernel net/ipv4/esp4.c:1139 (v5.10)
 */
function esp_init_state(x: xfrm_state): number {
	if (x.ealg === null) return -EINVAL;
	const aead = crypto_alloc_authenc(x);
	if (aead === null) return -EINVAL;
	x.data = aead;
	x.props.header_len = ESPHDR_LEN + aead.ivsize;
	if (x.props.mode === XFRM_MODE_TUNNEL) x.props.header_len += IPHDR_LEN;
	x.props.trailer_len = ((aead.blocksize + 3) & ~3) + 1 + aead.authsize;
	return 0;
}

const esp_type: xfrm_type = {
	description: 'ESP4',
	proto: IPPROTO_ESP,
	init_state: esp_init_state,
	destructor: (x) => {
		x.data = null;
	},
	input: esp_input,
	output: esp_output,
};

const esp4_protocol: net_protocol = {
	handler: (skb) => xfrm_input(skb, IPPROTO_ESP),
	err_handler: esp4_err,
	no_policy: true,
	netns_ok: true,
	icmp_strict_tag_validation: false,
};

/**
 * Boots ESP over IPv4.
 * @returns 0, or -EAGAIN when its protocol number is taken
 * @kernel net/ipv4/esp4.c:1219 (v5.10)
 */
export function esp4_init(m: Machine): number {
	xfrm_register_type(m, esp_type);
	return inet_add_protocol(m, esp4_protocol, IPPROTO_ESP) < 0 ? -EAGAIN : 0;
}
