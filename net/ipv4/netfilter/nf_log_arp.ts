// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/ipv4/netfilter/nf_log_arp.c, base v5.10: the log line of an ARP packet.
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
import { ARPHRD_ETHER } from '../../../include/uapi/linux/if.ts';
import {
	ETH_ALEN,
	ETHHDR_h_dest,
	ETHHDR_h_proto,
	ETHHDR_h_source,
} from '../../../include/uapi/linux/if_ether.ts';
import { NFPROTO_ARP } from '../../../include/uapi/linux/netfilter.ts';
import {
	NF_LOG_DEFAULT_MASK,
	NF_LOG_MACDECODE,
	NF_LOG_TYPE_LOG,
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
import { nf_log_dump_packet_common, nf_log_dump_vlan } from '../../netfilter/nf_log_common.ts';

const default_loginfo: Readonly<nf_loginfo> = new nf_loginfo();

/* struct arphdr and the addresses behind it, for Ethernet and IPv4 */
const ARPHDR_LEN = 8;
const ARPPAYLOAD_LEN = 2 * (ETH_ALEN + 4);

/**
 * Adds an ARP packet.
 * @kernel net/ipv4/netfilter/nf_log_arp.c:42 (v5.10)
 */
function dump_arp_packet(m: nf_log_buf, info: Readonly<nf_loginfo>, skb: sk_buff): void {
	const ah = skb_header_pointer_off(skb, 0, ARPHDR_LEN);
	if (ah < 0) {
		nf_log_buf_add(m, 'TRUNCATED');
		return;
	}
	const logflags = info.type === NF_LOG_TYPE_LOG ? info.u.log.logflags : NF_LOG_DEFAULT_MASK;
	const mac = skb.mac_header;
	let h = skb.head;
	const hex4 = (v: number): string => v.toString(16).padStart(4, '0');

	if ((logflags & NF_LOG_MACDECODE) !== 0 && mac >= 0) {
		nf_log_buf_add(
			m,
			`MACSRC=${mac_address_string(h, mac + ETHHDR_h_source)} ` +
				`MACDST=${mac_address_string(h, mac + ETHHDR_h_dest)} `,
		);
		nf_log_dump_vlan(m, skb);
		nf_log_buf_add(m, `MACPROTO=${hex4(get_unaligned_be16(h, mac + ETHHDR_h_proto))} `);
	}

	const hrd = get_unaligned_be16(h, ah);
	nf_log_buf_add(
		m,
		`ARP HTYPE=${hrd} PTYPE=0x${hex4(get_unaligned_be16(h, ah + 2))} ` +
			`OPCODE=${get_unaligned_be16(h, ah + 6)}`,
	);

	if (hrd !== ARPHRD_ETHER || h[ah + 4] !== ETH_ALEN || h[ah + 5] !== 4) return;

	const ap = skb_header_pointer_off(skb, ARPHDR_LEN, ARPPAYLOAD_LEN);
	if (ap < 0) {
		nf_log_buf_add(m, ` INCOMPLETE [${skb.len - ARPHDR_LEN} bytes]`);
		return;
	}
	h = skb.head;
	nf_log_buf_add(
		m,
		` MACSRC=${mac_address_string(h, ap)} IPSRC=${ip4_string(get_unaligned_be32(h, ap + 6))}` +
			` MACDST=${mac_address_string(h, ap + 10)}` +
			` IPDST=${ip4_string(get_unaligned_be32(h, ap + 16))}`,
	);
}

/**
 * Logs an ARP packet.
 * @kernel net/ipv4/netfilter/nf_log_arp.c:92 (v5.10)
 */
function nf_log_arp_packet(
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
	dump_arp_packet(m, info, skb);
	nf_log_buf_close(m);
}

const nf_arp_logger: nf_logger = {
	name: 'nf_log_arp',
	type: NF_LOG_TYPE_LOG,
	logfn: nf_log_arp_packet,
};

/**
 * Makes it the logger of a namespace.
 * @kernel net/ipv4/netfilter/nf_log_arp.c:124 (v5.10)
 */
function nf_log_arp_net_init(net: net): number {
	return nf_log_set(net, NFPROTO_ARP, nf_arp_logger);
}

/**
 * Takes it from a namespace.
 * @kernel net/ipv4/netfilter/nf_log_arp.c:129 (v5.10)
 */
function nf_log_arp_net_exit(net: net): void {
	nf_log_unset(net, nf_arp_logger);
}

const nf_log_arp_net_ops: pernet_operations = {
	init: nf_log_arp_net_init,
	exit: nf_log_arp_net_exit,
};

/**
 * Boots the logger.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/netfilter/nf_log_arp.c:139 (v5.10)
 */
export function nf_log_arp_init(m: Machine): number {
	const ret = register_pernet_subsys(m, nf_log_arp_net_ops);
	if (ret < 0) return ret;
	return nf_log_register(m, NFPROTO_ARP, nf_arp_logger);
}
