// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv6/netfilter/nf_log_ipv6.c, base v5.10: the log line of an IPv6 packet.
 *
 * Not ported: SIT devices.
 */
import type { net, pernet_operations } from '../../../include/net/net_namespace.ts';
import type { net_device } from '../../../include/linux/netdevice.ts';
import type { sk_buff } from '../../../include/linux/skbuff.ts';
import { skb_network_offset } from '../../../include/linux/skbuff.ts';
import type { Machine } from '../../../include/linux/machine.ts';
import {
	get_unaligned_be16,
	get_unaligned_be32,
} from '../../../include/linux/byteorder/generic.ts';
import { ipv6_authlen, ipv6_optlen } from '../../../include/linux/ipv6.ts';
import { ip6_string, mac_address_string } from '../../../include/linux/vsprintf.ts';
import { nf_ip6_ext_hdr } from '../../../include/linux/netfilter_ipv6.ts';
import { FRAG_HDR_frag_off, FRAG_HDR_identification } from '../../../include/net/ipv6.ts';
import { ARPHRD_ETHER } from '../../../include/uapi/linux/if.ts';
import {
	ETHHDR_h_dest,
	ETHHDR_h_proto,
	ETHHDR_h_source,
} from '../../../include/uapi/linux/if_ether.ts';
import {
	ICMP6HDR_code,
	ICMP6HDR_identifier,
	ICMP6HDR_LEN,
	ICMP6HDR_mtu,
	ICMP6HDR_pointer,
	ICMP6HDR_sequence,
	ICMP6HDR_type,
	ICMPV6_DEST_UNREACH,
	ICMPV6_ECHO_REPLY,
	ICMPV6_ECHO_REQUEST,
	ICMPV6_PARAMPROB,
	ICMPV6_PKT_TOOBIG,
	ICMPV6_TIME_EXCEED,
} from '../../../include/uapi/linux/icmpv6.ts';
import {
	IPPROTO_AH,
	IPPROTO_DSTOPTS,
	IPPROTO_ESP,
	IPPROTO_FRAGMENT,
	IPPROTO_HOPOPTS,
	IPPROTO_ICMPV6,
	IPPROTO_NONE,
	IPPROTO_ROUTING,
	IPPROTO_TCP,
	IPPROTO_UDP,
	IPPROTO_UDPLITE,
} from '../../../include/uapi/linux/in.ts';
import {
	IPV6HDR_daddr,
	IPV6HDR_hop_limit,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_payload_len,
	IPV6HDR_saddr,
} from '../../../include/uapi/linux/ipv6.ts';
import { NFPROTO_IPV6 } from '../../../include/uapi/linux/netfilter.ts';
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
	nf_log_dump_packet_common,
	nf_log_dump_sk_uid_gid,
	nf_log_dump_tcp_header,
	nf_log_dump_udp_header,
	nf_log_dump_vlan,
} from '../../netfilter/nf_log_common.ts';

const default_loginfo: Readonly<nf_loginfo> = new nf_loginfo();

/**
 * Number as printf's %x has it.
 * @param digits at least so many
 * @kernel PORT: %x of lib/vsprintf.c
 */
function hex(v: number, digits = 1): string {
	return v.toString(16).padStart(digits, '0');
}

/**
 * Adds the SPI of an AH or ESP header.
 * @param at where it is in the header
 * @param len bytes of the header
 * @param end text behind it
 * @returns false when the packet is short
 * @kernel PORT: what the cases of AH and ESP in dump_ipv6_packet share
 */
function dump_spi(
	m: nf_log_buf,
	skb: sk_buff,
	ptr: number,
	at: number,
	len: number,
	end: string,
): boolean {
	const p = skb_header_pointer_off(skb, ptr, len);
	if (p < 0) {
		nf_log_buf_add(m, `INCOMPLETE [${(skb.len - ptr) >>> 0} bytes] )`);
		return false;
	}
	nf_log_buf_add(m, `SPI=0x${hex(get_unaligned_be32(skb.head, p + at))} ${end}`);
	return true;
}

/**
 * Adds an IPv6 packet.
 * @param ip6hoff of its header, from data
 * @param recurse false for one that an ICMPv6 error quotes
 * @kernel net/ipv6/netfilter/nf_log_ipv6.c:36 (v5.10)
 */
function dump_ipv6_packet(
	net: net,
	m: nf_log_buf,
	info: Readonly<nf_loginfo>,
	skb: sk_buff,
	ip6hoff: number,
	recurse: boolean,
): void {
	const logflags = info.type === NF_LOG_TYPE_LOG ? info.u.log.logflags : NF_LOG_DEFAULT_MASK;
	const ipopt = (logflags & NF_LOG_IPOPT) !== 0;

	const ih = skb_header_pointer_off(skb, ip6hoff, IPV6HDR_LEN);
	if (ih < 0) {
		nf_log_buf_add(m, 'TRUNCATED');
		return;
	}
	let h = skb.head;
	nf_log_buf_add(
		m,
		`SRC=${ip6_string(h, ih + IPV6HDR_saddr)} DST=${ip6_string(h, ih + IPV6HDR_daddr)} `,
	);
	const flow = get_unaligned_be32(h, ih);
	nf_log_buf_add(
		m,
		`LEN=${get_unaligned_be16(h, ih + IPV6HDR_payload_len) + IPV6HDR_LEN} ` +
			`TC=${(flow >>> 20) & 0xff} HOPLIMIT=${h[ih + IPV6HDR_hop_limit]} ` +
			`FLOWLBL=${flow & 0x000fffff} `,
	);

	let fragment = false;
	let ptr = ip6hoff + IPV6HDR_LEN;
	let currenthdr = h[ih + IPV6HDR_nexthdr];
	while (currenthdr !== IPPROTO_NONE && nf_ip6_ext_hdr(currenthdr)) {
		const hp = skb_header_pointer_off(skb, ptr, 2);
		if (hp < 0) {
			nf_log_buf_add(m, 'TRUNCATED');
			return;
		}
		h = skb.head;
		const nexthdr = h[hp];
		let hdrlen = 0;

		if (ipopt) nf_log_buf_add(m, 'OPT ( ');

		switch (currenthdr) {
			case IPPROTO_FRAGMENT: {
				nf_log_buf_add(m, 'FRAG:');
				const fh = skb_header_pointer_off(skb, ptr, 8);
				if (fh < 0) {
					nf_log_buf_add(m, 'TRUNCATED ');
					return;
				}
				h = skb.head;
				const frag_off = get_unaligned_be16(h, fh + FRAG_HDR_frag_off);
				nf_log_buf_add(m, `${frag_off & 0xfff8} `);
				if ((frag_off & 1) !== 0) nf_log_buf_add(m, 'INCOMPLETE ');
				const id = get_unaligned_be32(h, fh + FRAG_HDR_identification);
				nf_log_buf_add(m, `ID:${hex(id, 8)} `);
				if ((frag_off & 0xfff8) !== 0) fragment = true;
				hdrlen = 8;
				break;
			}
			case IPPROTO_DSTOPTS:
			case IPPROTO_ROUTING:
			case IPPROTO_HOPOPTS:
				if (fragment) {
					if (ipopt) nf_log_buf_add(m, ')');
					return;
				}
				hdrlen = ipv6_optlen(h, hp);
				break;
			case IPPROTO_AH:
				hdrlen = ipv6_authlen(h, hp);
				if (ipopt) {
					nf_log_buf_add(m, 'AH ');
					if (fragment) {
						nf_log_buf_add(m, ')');
						return;
					}
					if (!dump_spi(m, skb, ptr, 4, 12, '')) return;
				}
				break;
			case IPPROTO_ESP:
				if (ipopt) {
					nf_log_buf_add(m, 'ESP ');
					if (fragment) {
						nf_log_buf_add(m, ')');
						return;
					}
					dump_spi(m, skb, ptr, 0, 8, ')');
				}
				return;
			default:
				nf_log_buf_add(m, `Unknown Ext Hdr ${currenthdr}`);
				return;
		}
		if (ipopt) nf_log_buf_add(m, ') ');

		currenthdr = nexthdr;
		ptr += hdrlen;
	}

	switch (currenthdr) {
		case IPPROTO_TCP:
			if (
				nf_log_dump_tcp_header(
					m,
					skb,
					currenthdr,
					fragment,
					ptr,
					logflags,
				) !== 0
			)
				return;
			break;
		case IPPROTO_UDP:
		case IPPROTO_UDPLITE:
			if (nf_log_dump_udp_header(m, skb, currenthdr, fragment, ptr) !== 0) return;
			break;
		case IPPROTO_ICMPV6: {
			nf_log_buf_add(m, 'PROTO=ICMPv6 ');
			if (fragment) break;
			const ic = skb_header_pointer_off(skb, ptr, ICMP6HDR_LEN);
			if (ic < 0) {
				nf_log_buf_add(m, `INCOMPLETE [${(skb.len - ptr) >>> 0} bytes] `);
				return;
			}
			h = skb.head;
			const type = h[ic + ICMP6HDR_type];
			nf_log_buf_add(m, `TYPE=${type} CODE=${h[ic + ICMP6HDR_code]} `);
			switch (type) {
				case ICMPV6_ECHO_REQUEST:
				case ICMPV6_ECHO_REPLY:
					nf_log_buf_add(
						m,
						`ID=${get_unaligned_be16(h, ic + ICMP6HDR_identifier)} ` +
							`SEQ=${get_unaligned_be16(h, ic + ICMP6HDR_sequence)} `,
					);
					break;
				case ICMPV6_PARAMPROB:
					nf_log_buf_add(
						m,
						`POINTER=${hex(get_unaligned_be32(h, ic + ICMP6HDR_pointer), 8)} `,
					);
				/* fallthrough */
				case ICMPV6_DEST_UNREACH:
				case ICMPV6_PKT_TOOBIG:
				case ICMPV6_TIME_EXCEED: {
					const mtu = get_unaligned_be32(h, ic + ICMP6HDR_mtu);
					if (recurse) {
						nf_log_buf_add(m, '[');
						dump_ipv6_packet(
							net,
							m,
							info,
							skb,
							ptr + ICMP6HDR_LEN,
							false,
						);
						nf_log_buf_add(m, '] ');
					}
					if (type === ICMPV6_PKT_TOOBIG)
						nf_log_buf_add(m, `MTU=${mtu} `);
				}
			}
			break;
		}
		default:
			nf_log_buf_add(m, `PROTO=${currenthdr} `);
	}

	if ((logflags & NF_LOG_UID) !== 0 && recurse) nf_log_dump_sk_uid_gid(net, m, skb.sk);
	if (recurse && skb.mark !== 0) nf_log_buf_add(m, `MARK=0x${hex(skb.mark)} `);
}

/**
 * Adds the link header.
 * @kernel net/ipv6/netfilter/nf_log_ipv6.c:285 (v5.10)
 */
function dump_ipv6_mac_header(m: nf_log_buf, info: Readonly<nf_loginfo>, skb: sk_buff): void {
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
 * Logs an IPv6 packet.
 * @kernel net/ipv6/netfilter/nf_log_ipv6.c:343 (v5.10)
 */
function nf_log_ip6_packet(
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
	if (indev !== null) dump_ipv6_mac_header(m, info, skb);
	dump_ipv6_packet(net, m, info, skb, skb_network_offset(skb), true);
	nf_log_buf_close(m);
}

const nf_ip6_logger: nf_logger = {
	name: 'nf_log_ipv6',
	type: NF_LOG_TYPE_LOG,
	logfn: nf_log_ip6_packet,
};

/**
 * Makes it the logger of a namespace.
 * @kernel net/ipv6/netfilter/nf_log_ipv6.c:379 (v5.10)
 */
function nf_log_ipv6_net_init(net: net): number {
	return nf_log_set(net, NFPROTO_IPV6, nf_ip6_logger);
}

/**
 * Takes it from a namespace.
 * @kernel net/ipv6/netfilter/nf_log_ipv6.c:384 (v5.10)
 */
function nf_log_ipv6_net_exit(net: net): void {
	nf_log_unset(net, nf_ip6_logger);
}

const nf_log_ipv6_net_ops: pernet_operations = {
	init: nf_log_ipv6_net_init,
	exit: nf_log_ipv6_net_exit,
};

/**
 * Boots the logger.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/netfilter/nf_log_ipv6.c:394 (v5.10)
 */
export function nf_log_ipv6_init(m: Machine): number {
	const ret = register_pernet_subsys(m, nf_log_ipv6_net_ops);
	if (ret < 0) return ret;
	return nf_log_register(m, NFPROTO_IPV6, nf_ip6_logger);
}
