// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/netfilter/nf_log_ipv4.c, base v5.10: the log line of an IPv4 packet.
 */
import type { net, pernet_operations } from '../../../include/net/net_namespace.ts';
import type { net_device } from '../../../include/linux/netdevice.ts';
import type { sk_buff } from '../../../include/linux/skbuff.ts';
import type { Machine } from '../../../include/linux/machine.ts';
import {
	get_unaligned_be16,
	get_unaligned_be32,
} from '../../../include/linux/byteorder/generic.ts';
import { ip4_string, mac_address_string } from '../../../include/linux/vsprintf.ts';
import { IP_CE, IP_DF, IP_MF, IP_OFFSET } from '../../../include/net/ip.ts';
import { ARPHRD_ETHER } from '../../../include/uapi/linux/if.ts';
import {
	ETHHDR_h_dest,
	ETHHDR_h_proto,
	ETHHDR_h_source,
} from '../../../include/uapi/linux/if_ether.ts';
import {
	ICMP_ADDRESS,
	ICMP_ADDRESSREPLY,
	ICMP_DEST_UNREACH,
	ICMP_ECHO,
	ICMP_ECHOREPLY,
	ICMP_FRAG_NEEDED,
	ICMP_PARAMETERPROB,
	ICMP_REDIRECT,
	ICMP_SOURCE_QUENCH,
	ICMP_TIME_EXCEEDED,
	ICMP_TIMESTAMP,
	ICMP_TIMESTAMPREPLY,
	ICMPHDR_code,
	ICMPHDR_LEN,
	ICMPHDR_type,
	ICMPHDR_un_echo_id,
	ICMPHDR_un_echo_sequence,
	ICMPHDR_un_frag_mtu,
	ICMPHDR_un_gateway,
} from '../../../include/uapi/linux/icmp.ts';
import {
	IPPROTO_AH,
	IPPROTO_ESP,
	IPPROTO_ICMP,
	IPPROTO_TCP,
	IPPROTO_UDP,
	IPPROTO_UDPLITE,
} from '../../../include/uapi/linux/in.ts';
import {
	IPHDR_daddr,
	IPHDR_frag_off,
	IPHDR_id,
	IPHDR_LEN,
	IPHDR_protocol,
	IPHDR_saddr,
	IPHDR_tos,
	IPHDR_tot_len,
	IPHDR_ttl,
	IPTOS_PREC_MASK,
	IPTOS_TOS_MASK,
} from '../../../include/uapi/linux/ip.ts';
import { NFPROTO_IPV4 } from '../../../include/uapi/linux/netfilter.ts';
import {
	NF_LOG_DEFAULT_MASK,
	NF_LOG_IPOPT,
	NF_LOG_MACDECODE,
	NF_LOG_TYPE_LOG,
	NF_LOG_UID,
	nf_loginfo,
	type nf_logger,
} from '../../../include/net/netfilter/nf_log.ts';
import { register_pernet_subsys } from '../../core/net_namespace.ts';
import { skb_header_pointer_off } from '../../core/skbuff.ts';
import {
	nf_log_allowed,
	nf_log_buf_add,
	nf_log_buf_close,
	nf_log_buf_open,
	nf_log_register,
	nf_log_set,
	nf_log_unset,
	type nf_log_buf,
} from '../../netfilter/nf_log.ts';
import {
	nf_log_dump_hex,
	nf_log_dump_packet_common,
	nf_log_dump_sk_uid_gid,
	nf_log_dump_tcp_header,
	nf_log_dump_udp_header,
	nf_log_dump_vlan,
} from '../../netfilter/nf_log_common.ts';

const default_loginfo: Readonly<nf_loginfo> = new nf_loginfo();

/**
 * Bytes that a message of an ICMP type must have to be written further, 0 for any.
 * @kernel PORT: required_len of dump_ipv4_packet
 */
function required_len(type: number): number {
	switch (type) {
		case ICMP_ECHOREPLY:
		case ICMP_ECHO:
			return 4;
		case ICMP_DEST_UNREACH:
		case ICMP_SOURCE_QUENCH:
		case ICMP_REDIRECT:
		case ICMP_TIME_EXCEEDED:
		case ICMP_PARAMETERPROB:
			return 8 + IPHDR_LEN;
		case ICMP_TIMESTAMP:
		case ICMP_TIMESTAMPREPLY:
			return 20;
		case ICMP_ADDRESS:
		case ICMP_ADDRESSREPLY:
			return 12;
	}
	return 0;
}

/**
 * Number as printf's %x has it.
 * @param digits at least so many
 * @kernel PORT: %x of lib/vsprintf.c
 */
function hex(v: number, digits = 1): string {
	return v.toString(16).padStart(digits, '0');
}

/**
 * Adds an ICMP message.
 * @param iphoff of the IPv4 header, from data
 * @param ihl its length in bytes
 * @kernel PORT: the case of ICMP in dump_ipv4_packet
 */
function dump_icmp(
	net: net,
	m: nf_log_buf,
	info: Readonly<nf_loginfo>,
	skb: sk_buff,
	iphoff: number,
	ihl: number,
): void {
	const left = (skb.len - iphoff - ihl) >>> 0;
	const ich = skb_header_pointer_off(skb, iphoff + ihl, ICMPHDR_LEN);
	if (ich < 0) {
		nf_log_buf_add(m, `INCOMPLETE [${left} bytes] `);
		return;
	}
	const h = skb.head;
	const type = h[ich + ICMPHDR_type];
	const code = h[ich + ICMPHDR_code];
	nf_log_buf_add(m, `TYPE=${type} CODE=${code} `);

	if (left < required_len(type)) {
		nf_log_buf_add(m, `INCOMPLETE [${left} bytes] `);
		return;
	}

	switch (type) {
		case ICMP_ECHOREPLY:
		case ICMP_ECHO:
			nf_log_buf_add(
				m,
				`ID=${get_unaligned_be16(h, ich + ICMPHDR_un_echo_id)} ` +
					`SEQ=${get_unaligned_be16(h, ich + ICMPHDR_un_echo_sequence)} `,
			);
			break;
		case ICMP_PARAMETERPROB:
			nf_log_buf_add(m, `PARAMETER=${h[ich + ICMPHDR_un_gateway]} `);
			break;
		case ICMP_REDIRECT:
			nf_log_buf_add(
				m,
				`GATEWAY=${ip4_string(get_unaligned_be32(h, ich + ICMPHDR_un_gateway))} `,
			);
		/* fallthrough */
		case ICMP_DEST_UNREACH:
		case ICMP_SOURCE_QUENCH:
		case ICMP_TIME_EXCEEDED: {
			const mtu = get_unaligned_be16(h, ich + ICMPHDR_un_frag_mtu);
			/* one level deep */
			if (iphoff === 0) {
				nf_log_buf_add(m, '[');
				dump_ipv4_packet(net, m, info, skb, iphoff + ihl + ICMPHDR_LEN);
				nf_log_buf_add(m, '] ');
			}
			if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED)
				nf_log_buf_add(m, `MTU=${mtu} `);
		}
	}
}

/**
 * Adds an IPv4 packet.
 * @param iphoff of its header, from data; not 0 for one that an ICMP error quotes
 * @kernel net/ipv4/netfilter/nf_log_ipv4.c:35 (v5.10)
 */
function dump_ipv4_packet(
	net: net,
	m: nf_log_buf,
	info: Readonly<nf_loginfo>,
	skb: sk_buff,
	iphoff: number,
): void {
	const logflags = info.type === NF_LOG_TYPE_LOG ? info.u.log.logflags : NF_LOG_DEFAULT_MASK;

	const ih = skb_header_pointer_off(skb, iphoff, IPHDR_LEN);
	if (ih < 0) {
		nf_log_buf_add(m, 'TRUNCATED');
		return;
	}
	let h = skb.head;
	const frag_off = get_unaligned_be16(h, ih + IPHDR_frag_off);
	const ihl = (h[ih] & 0x0f) * 4;
	const protocol = h[ih + IPHDR_protocol];
	const fragment = (frag_off & IP_OFFSET) !== 0;

	nf_log_buf_add(
		m,
		`SRC=${ip4_string(get_unaligned_be32(h, ih + IPHDR_saddr))} ` +
			`DST=${ip4_string(get_unaligned_be32(h, ih + IPHDR_daddr))} `,
	);
	const tos = hex(h[ih + IPHDR_tos] & IPTOS_TOS_MASK, 2).toUpperCase();
	const prec = hex(h[ih + IPHDR_tos] & IPTOS_PREC_MASK, 2).toUpperCase();
	nf_log_buf_add(
		m,
		`LEN=${get_unaligned_be16(h, ih + IPHDR_tot_len)} TOS=0x${tos} PREC=0x${prec} ` +
			`TTL=${h[ih + IPHDR_ttl]} ID=${get_unaligned_be16(h, ih + IPHDR_id)} `,
	);

	if ((frag_off & IP_CE) !== 0) nf_log_buf_add(m, 'CE ');
	if ((frag_off & IP_DF) !== 0) nf_log_buf_add(m, 'DF ');
	if ((frag_off & IP_MF) !== 0) nf_log_buf_add(m, 'MF ');
	if (fragment) nf_log_buf_add(m, `FRAG:${frag_off & IP_OFFSET} `);

	if ((logflags & NF_LOG_IPOPT) !== 0 && ihl > IPHDR_LEN) {
		const op = skb_header_pointer_off(skb, iphoff + IPHDR_LEN, ihl - IPHDR_LEN);
		if (op < 0) {
			nf_log_buf_add(m, 'TRUNCATED');
			return;
		}
		nf_log_buf_add(m, 'OPT (');
		nf_log_dump_hex(m, skb, op, ihl - IPHDR_LEN);
		nf_log_buf_add(m, ') ');
	}

	switch (protocol) {
		case IPPROTO_TCP:
			if (
				nf_log_dump_tcp_header(
					m,
					skb,
					protocol,
					fragment,
					iphoff + ihl,
					logflags,
				) !== 0
			)
				return;
			break;
		case IPPROTO_UDP:
		case IPPROTO_UDPLITE:
			if (nf_log_dump_udp_header(m, skb, protocol, fragment, iphoff + ihl) !== 0)
				return;
			break;
		case IPPROTO_ICMP:
			nf_log_buf_add(m, 'PROTO=ICMP ');
			if (fragment) break;
			dump_icmp(net, m, info, skb, iphoff, ihl);
			break;
		case IPPROTO_AH:
		case IPPROTO_ESP: {
			const esp = protocol === IPPROTO_ESP;
			if (fragment && !esp) break;
			nf_log_buf_add(m, esp ? 'PROTO=ESP ' : 'PROTO=AH ');
			if (fragment) break;
			/* sizeof(struct ip_auth_hdr), sizeof(struct ip_esp_hdr); where the SPI is in each */
			const ph = skb_header_pointer_off(skb, iphoff + ihl, esp ? 8 : 12);
			if (ph < 0) {
				nf_log_buf_add(
					m,
					`INCOMPLETE [${(skb.len - iphoff - ihl) >>> 0} bytes] `,
				);
				break;
			}
			h = skb.head;
			nf_log_buf_add(
				m,
				`SPI=0x${hex(get_unaligned_be32(h, ph + (esp ? 0 : 4)))} `,
			);
			break;
		}
		default:
			nf_log_buf_add(m, `PROTO=${protocol} `);
	}

	if ((logflags & NF_LOG_UID) !== 0 && iphoff === 0) nf_log_dump_sk_uid_gid(net, m, skb.sk);
	if (iphoff === 0 && skb.mark !== 0) nf_log_buf_add(m, `MARK=0x${hex(skb.mark)} `);
}

/**
 * Adds the link header.
 * @kernel net/ipv4/netfilter/nf_log_ipv4.c:272 (v5.10)
 */
function dump_ipv4_mac_header(m: nf_log_buf, info: Readonly<nf_loginfo>, skb: sk_buff): void {
	const dev = skb.dev!;
	const logflags = info.type === NF_LOG_TYPE_LOG ? info.u.log.logflags : 0;
	const mac = skb.mac_header;

	if ((logflags & NF_LOG_MACDECODE) !== 0 && dev.type === ARPHRD_ETHER && mac >= 0) {
		nf_log_buf_add(
			m,
			`MACSRC=${mac_address_string(skb.head, mac + ETHHDR_h_source)} ` +
				`MACDST=${mac_address_string(skb.head, mac + ETHHDR_h_dest)} `,
		);
		nf_log_dump_vlan(m, skb);
		nf_log_buf_add(
			m,
			`MACPROTO=${hex(get_unaligned_be16(skb.head, mac + ETHHDR_h_proto), 4)} `,
		);
		return;
	}

	nf_log_buf_add(m, 'MAC=');
	if (dev.hard_header_len !== 0 && mac !== skb.network_header && mac >= 0) {
		nf_log_buf_add(m, hex(skb.head[mac], 2));
		for (let i = 1; i < dev.hard_header_len; i++)
			nf_log_buf_add(m, `:${hex(skb.head[mac + i], 2)}`);
	}
	nf_log_buf_add(m, ' ');
}

/**
 * Logs an IPv4 packet.
 * @kernel net/ipv4/netfilter/nf_log_ipv4.c:311 (v5.10)
 */
function nf_log_ip_packet(
	net: net,
	pf: number,
	hooknum: number,
	skb: sk_buff,
	indev: net_device | null,
	outdev: net_device | null,
	loginfo: Readonly<nf_loginfo> | null,
	prefix: string,
): void {
	if (!nf_log_allowed(net)) return;
	const m = nf_log_buf_open(net.machine);
	const info = loginfo ?? default_loginfo;
	nf_log_dump_packet_common(m, pf, hooknum, skb, indev, outdev, info, prefix);
	if (indev !== null) dump_ipv4_mac_header(m, info, skb);
	dump_ipv4_packet(net, m, info, skb, 0);
	nf_log_buf_close(m);
}

const nf_ip_logger: nf_logger = {
	name: 'nf_log_ipv4',
	type: NF_LOG_TYPE_LOG,
	logfn: nf_log_ip_packet,
};

/**
 * Makes it the logger of a namespace.
 * @kernel net/ipv4/netfilter/nf_log_ipv4.c:347 (v5.10)
 */
function nf_log_ipv4_net_init(net: net): number {
	return nf_log_set(net, NFPROTO_IPV4, nf_ip_logger);
}

/**
 * Takes it from a namespace.
 * @kernel net/ipv4/netfilter/nf_log_ipv4.c:352 (v5.10)
 */
function nf_log_ipv4_net_exit(net: net): void {
	nf_log_unset(net, nf_ip_logger);
}

const nf_log_ipv4_net_ops: pernet_operations = {
	init: nf_log_ipv4_net_init,
	exit: nf_log_ipv4_net_exit,
};

/**
 * Boots the logger.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/netfilter/nf_log_ipv4.c:362 (v5.10)
 */
export function nf_log_ipv4_init(m: Machine): number {
	const ret = register_pernet_subsys(m, nf_log_ipv4_net_ops);
	if (ret < 0) return ret;
	return nf_log_register(m, NFPROTO_IPV4, nf_ip_logger);
}
