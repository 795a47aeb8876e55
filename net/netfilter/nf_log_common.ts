// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_log_common.c, base v5.10: the parts of a log line that all families share.
 *
 * PORT: every process is root, so the owner of a socket is 0 and 0.
 * Not ported: devices under a bridge (br_netfilter is absent), nf_log_common_init() (empty in C).
 */
import type { net } from '../../include/net/net_namespace.ts';
import { net_eq } from '../../include/net/net_namespace.ts';
import type { net_device } from '../../include/linux/netdevice.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import { skb_vlan_tag_present } from '../../include/linux/skbuff.ts';
import { get_unaligned_be16, get_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import { sk_fullsock, sock_net, type sock } from '../../include/net/sock.ts';
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, ETH_P_RARP } from '../../include/uapi/linux/if_ether.ts';
import { IPPROTO_UDP } from '../../include/uapi/linux/in.ts';
import { NFPROTO_ARP, NFPROTO_IPV4, NFPROTO_IPV6 } from '../../include/uapi/linux/netfilter.ts';
import {
	TCPHDR_ACK,
	TCPHDR_ack_seq,
	TCPHDR_CWR,
	TCPHDR_dest,
	TCPHDR_doff,
	TCPHDR_ECE,
	TCPHDR_FIN,
	TCPHDR_flags,
	TCPHDR_LEN,
	TCPHDR_PSH,
	TCPHDR_RST,
	TCPHDR_seq,
	TCPHDR_source,
	TCPHDR_SYN,
	TCPHDR_URG,
	TCPHDR_urg_ptr,
	TCPHDR_window,
} from '../../include/uapi/linux/tcp.ts';
import {
	UDPHDR_dest,
	UDPHDR_len,
	UDPHDR_LEN,
	UDPHDR_source,
} from '../../include/uapi/linux/udp.ts';
import {
	NF_LOG_TCPOPT,
	NF_LOG_TCPSEQ,
	type nf_loginfo,
} from '../../include/net/netfilter/nf_log.ts';
import type { __be16 } from '../../include/linux/types.ts';
import { skb_header_pointer_off } from '../core/skbuff.ts';
import { nf_log_buf_add, nf_log_packet, type nf_log_buf } from './nf_log.ts';

/**
 * Adds bytes as hexadecimal digits.
 * @param off of the first in skb.head
 * @kernel PORT: the loops over options
 */
export function nf_log_dump_hex(m: nf_log_buf, skb: sk_buff, off: number, len: number): void {
	for (let i = 0; i < len; i++)
		nf_log_buf_add(m, skb.head[off + i].toString(16).toUpperCase().padStart(2, '0'));
}

/**
 * Adds a UDP header.
 * @param fragment whether the packet is a later fragment, which has none
 * @param offset of the header, from data
 * @returns 1 when the packet is short, else 0
 * @kernel net/netfilter/nf_log_common.c:21 (v5.10)
 */
export function nf_log_dump_udp_header(
	m: nf_log_buf,
	skb: sk_buff,
	proto: number,
	fragment: boolean,
	offset: number,
): number {
	nf_log_buf_add(m, proto === IPPROTO_UDP ? 'PROTO=UDP ' : 'PROTO=UDPLITE ');
	if (fragment) return 0;

	const uh = skb_header_pointer_off(skb, offset, UDPHDR_LEN);
	if (uh < 0) {
		nf_log_buf_add(m, `INCOMPLETE [${(skb.len - offset) >>> 0} bytes] `);
		return 1;
	}
	const h = skb.head;
	nf_log_buf_add(
		m,
		`SPT=${get_unaligned_be16(h, uh + UDPHDR_source)} ` +
			`DPT=${get_unaligned_be16(h, uh + UDPHDR_dest)} ` +
			`LEN=${get_unaligned_be16(h, uh + UDPHDR_len)} `,
	);
	return 0;
}

/* names of the flags in the order in which they are written */
const tcp_flag_names: readonly (readonly [number, string])[] = [
	[TCPHDR_CWR, 'CWR '],
	[TCPHDR_ECE, 'ECE '],
	[TCPHDR_URG, 'URG '],
	[TCPHDR_ACK, 'ACK '],
	[TCPHDR_PSH, 'PSH '],
	[TCPHDR_RST, 'RST '],
	[TCPHDR_SYN, 'SYN '],
	[TCPHDR_FIN, 'FIN '],
];

/**
 * Adds a TCP header.
 * @param fragment whether the packet is a later fragment, which has none
 * @param offset of the header, from data
 * @param logflags NF_LOG_*
 * @returns 1 when the packet is short, else 0
 * @kernel net/netfilter/nf_log_common.c:53 (v5.10)
 */
export function nf_log_dump_tcp_header(
	m: nf_log_buf,
	skb: sk_buff,
	_proto: number,
	fragment: boolean,
	offset: number,
	logflags: number,
): number {
	nf_log_buf_add(m, 'PROTO=TCP ');
	if (fragment) return 0;

	const th = skb_header_pointer_off(skb, offset, TCPHDR_LEN);
	if (th < 0) {
		nf_log_buf_add(m, `INCOMPLETE [${(skb.len - offset) >>> 0} bytes] `);
		return 1;
	}
	const h = skb.head;
	nf_log_buf_add(
		m,
		`SPT=${get_unaligned_be16(h, th + TCPHDR_source)} ` +
			`DPT=${get_unaligned_be16(h, th + TCPHDR_dest)} `,
	);
	if ((logflags & NF_LOG_TCPSEQ) !== 0)
		nf_log_buf_add(
			m,
			`SEQ=${get_unaligned_be32(h, th + TCPHDR_seq)} ` +
				`ACK=${get_unaligned_be32(h, th + TCPHDR_ack_seq)} `,
		);
	nf_log_buf_add(m, `WINDOW=${get_unaligned_be16(h, th + TCPHDR_window)} `);
	const res = (h[th + TCPHDR_doff] & 0x0f) << 2;
	nf_log_buf_add(m, `RES=0x${res.toString(16).padStart(2, '0')} `);
	const flags = h[th + TCPHDR_flags];
	for (const [bit, name] of tcp_flag_names) if ((flags & bit) !== 0) nf_log_buf_add(m, name);
	nf_log_buf_add(m, `URGP=${get_unaligned_be16(h, th + TCPHDR_urg_ptr)} `);

	const optsize = (h[th + TCPHDR_doff] >> 4) * 4 - TCPHDR_LEN;
	if ((logflags & NF_LOG_TCPOPT) !== 0 && optsize > 0) {
		const op = skb_header_pointer_off(skb, offset + TCPHDR_LEN, optsize);
		if (op < 0) {
			nf_log_buf_add(m, 'OPT (TRUNCATED)');
			return 1;
		}
		nf_log_buf_add(m, 'OPT (');
		nf_log_dump_hex(m, skb, op, optsize);
		nf_log_buf_add(m, ') ');
	}
	return 0;
}

/**
 * Adds the owner of a packet's socket.
 * @kernel net/netfilter/nf_log_common.c:132 (v5.10)
 */
export function nf_log_dump_sk_uid_gid(net: net, m: nf_log_buf, sk: sock | null): void {
	if (sk === null || !sk_fullsock(sk) || !net_eq(net, sock_net(sk))) return;
	if (sk.sk_socket?.file === true) nf_log_buf_add(m, 'UID=0 GID=0 ');
}

/**
 * Adds the prefix and the devices.
 * @kernel net/netfilter/nf_log_common.c:150 (v5.10)
 */
export function nf_log_dump_packet_common(
	m: nf_log_buf,
	_pf: number,
	_hooknum: number,
	_skb: sk_buff,
	indev: net_device | null,
	outdev: net_device | null,
	_loginfo: Readonly<nf_loginfo>,
	prefix: string,
): void {
	nf_log_buf_add(m, `${prefix}IN=${indev?.name ?? ''} OUT=${outdev?.name ?? ''} `);
}

/**
 * Adds the VLAN tag beside a packet.
 * @kernel net/netfilter/nf_log_common.c:174 (v5.10)
 */
export function nf_log_dump_vlan(m: nf_log_buf, skb: sk_buff): void {
	if (!skb_vlan_tag_present(skb)) return;
	const vproto = skb.vlan_proto.toString(16).padStart(4, '0');
	nf_log_buf_add(m, `VPROTO=${vproto} VID=${skb.vlan_tci} `);
}

/**
 * Logs a packet of a device or bridge family with the logger of what it carries.
 * @param protocol its ethertype
 * @kernel net/netfilter/nf_log_common.c:187 (v5.10)
 */
export function nf_log_l2packet(
	net: net,
	_pf: number,
	protocol: __be16,
	hooknum: number,
	skb: sk_buff,
	indev: net_device | null,
	outdev: net_device | null,
	loginfo: Readonly<nf_loginfo> | null,
	prefix: string,
): void {
	let family: number;
	switch (protocol) {
		case ETH_P_IP:
			family = NFPROTO_IPV4;
			break;
		case ETH_P_IPV6:
			family = NFPROTO_IPV6;
			break;
		case ETH_P_ARP:
		case ETH_P_RARP:
			family = NFPROTO_ARP;
			break;
		default:
			return;
	}
	nf_log_packet(net, family, hooknum, skb, indev, outdev, loginfo, prefix);
}
