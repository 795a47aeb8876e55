// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_conntrack_proto_icmp.c, base v5.10: ICMP questions and answers; errors go to the
 * connection they report about.
 *
 * PORT: the table of answers and nf_conntrack_invert_icmp_tuple() are in
 * include/net/netfilter/nf_conntrack_l4proto.ts. An address is given as four words.
 * Not ported: timeout policies.
 */
import type { net } from '../../include/net/net_namespace.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import type { nf_hook_state } from '../../include/linux/netfilter.ts';
import { HZ, machine_var } from '../../include/linux/machine.ts';
import {
	get_unaligned_be16,
	get_unaligned_be32,
	put_unaligned_be32,
} from '../../include/linux/byteorder/generic.ts';
import { ip4_string, ip6_string } from '../../include/linux/vsprintf.ts';
import { ip_hdr } from '../../include/linux/ip.ts';
import { icmp_is_err } from '../../include/net/icmp.ts';
import { IPHDR_daddr } from '../../include/uapi/linux/ip.ts';
import {
	ICMP_ADDRESS,
	ICMP_ECHO,
	ICMP_INFO_REQUEST,
	ICMP_TIMESTAMP,
	ICMPHDR_code,
	ICMPHDR_LEN,
	ICMPHDR_type,
	ICMPHDR_un_echo_id,
	NR_ICMP_TYPES,
} from '../../include/uapi/linux/icmp.ts';
import { IPPROTO_ICMP } from '../../include/uapi/linux/in.ts';
import {
	NF_ACCEPT,
	NF_INET_PRE_ROUTING,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
} from '../../include/uapi/linux/netfilter.ts';
import {
	IP_CT_IS_REPLY,
	IP_CT_RELATED,
} from '../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import { IP_CT_DIR_REPLY } from '../../include/uapi/linux/netfilter/nf_conntrack_tuple_common.ts';
import {
	CTA_PROTO_ICMP_CODE,
	CTA_PROTO_ICMP_ID,
	CTA_PROTO_ICMP_TYPE,
} from '../../include/uapi/linux/netfilter/nfnetlink_conntrack.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import {
	nla_get_u16,
	nla_get_u8,
	nla_put_u16,
	nla_put_u8,
	type nlattrs,
} from '../../include/net/netlink.ts';
import { nf_conntrack_zone } from '../../include/linux/netfilter/nf_conntrack_zones_common.ts';
import {
	NF_CT_DIRECTION,
	NF_CT_TUPLE_WORDS,
	nf_conntrack_tuple,
} from '../../include/net/netfilter/nf_conntrack_tuple.ts';
import {
	nf_ct_net,
	nf_ct_put,
	nf_ct_set,
	nf_ct_tuplehash_to_ctrack,
	type nf_conn,
} from '../../include/net/netfilter/nf_conntrack.ts';
import { nf_ct_zone_tmpl } from '../../include/net/netfilter/nf_conntrack_zones.ts';
import {
	icmp_invmap_get,
	nf_icmp_pernet,
	type nf_conntrack_l4proto,
} from '../../include/net/netfilter/nf_conntrack_l4proto.ts';
import { skb_header_pointer_off } from '../core/skbuff.ts';
import {
	nf_conntrack_find_get,
	nf_ct_get_tuplepr,
	nf_ct_invert_tuple,
	nf_ct_refresh_acct,
	nf_l4proto_log_invalid,
} from './nf_conntrack_core.ts';
import {
	CTA_FILTER_F_CTA_PROTO_ICMP_CODE,
	CTA_FILTER_F_CTA_PROTO_ICMP_ID,
	CTA_FILTER_F_CTA_PROTO_ICMP_TYPE,
} from './nf_internals.ts';
import { nf_ip_checksum } from './utils.ts';

export { nf_conntrack_invert_icmp_tuple } from '../../include/net/netfilter/nf_conntrack_l4proto.ts';

const nf_ct_icmp_timeout = 30 * HZ;

/** Variables on the stack in C. */
class icmp_scratch {
	readonly innertuple = new nf_conntrack_tuple(null);
	readonly origtuple = new nf_conntrack_tuple(null);
	readonly tmp = new nf_conntrack_zone();
	/** union nf_inet_addr: words of the packet's destination. */
	readonly outer_daddr = new Int32Array(4);
	/** PORT: the connection's tuple as memory. */
	readonly words = new Int32Array(NF_CT_TUPLE_WORDS);
}

const icmp_vars = machine_var(() => new icmp_scratch());

/**
 * Fills the ICMP part of a tuple.
 * @param dataoff of the ICMP header, from data
 * @returns false when the packet is short
 * @kernel net/netfilter/nf_conntrack_proto_icmp.c:27 (v5.10)
 */
export function icmp_pkt_to_tuple(
	skb: sk_buff,
	dataoff: number,
	_net: net,
	tuple: nf_conntrack_tuple,
): boolean {
	const hp = skb_header_pointer_off(skb, dataoff, ICMPHDR_LEN);
	if (hp < 0) return false;
	tuple.dst_u_icmp_type = skb.head[hp + ICMPHDR_type];
	tuple.src_u_all = get_unaligned_be16(skb.head, hp + ICMPHDR_un_echo_id);
	tuple.dst_u_icmp_code = skb.head[hp + ICMPHDR_code];
	return true;
}

/**
 * Tells whether a type begins a connection.
 * @kernel PORT: valid_new of nf_conntrack_icmp_packet
 */
function icmp_valid_new(type: number): boolean {
	return (
		type === ICMP_ECHO ||
		type === ICMP_TIMESTAMP ||
		type === ICMP_INFO_REQUEST ||
		type === ICMP_ADDRESS
	);
}

/**
 * Takes a message into its connection. An answer does not end it: answers may come twice.
 * @returns NF_ACCEPT, -NF_ACCEPT for a message that cannot begin a connection
 * @kernel net/netfilter/nf_conntrack_proto_icmp.c:70 (v5.10)
 */
export function nf_conntrack_icmp_packet(
	ct: nf_conn,
	skb: sk_buff,
	_dataoff: number,
	ctinfo: number,
	state: nf_hook_state,
): number {
	if (state.pf !== NFPROTO_IPV4) return -NF_ACCEPT;
	if (!icmp_valid_new(ct.tuplehash_of(0).tuple.dst_u_icmp_type)) return -NF_ACCEPT;
	nf_ct_refresh_acct(ct, ctinfo, skb, nf_icmp_pernet(nf_ct_net(ct)).timeout);
	return NF_ACCEPT;
}

/**
 * Text of an address for the log, as %pI4 and %pI6 have it.
 * @param w words, the address beginning at one of them
 * @kernel PORT: lib/vsprintf.c on words
 */
function addr_text(w: Int32Array, at: number, pf: number): string {
	if (pf === NFPROTO_IPV4) return ip4_string(w[at]);
	const addr = new Uint8Array(16);
	for (let i = 0; i < 4; i++) put_unaligned_be32(w[at + i], addr, 4 * i);
	return ip6_string(addr, 0);
}

/**
 * Gives an ICMP error the connection that the packet inside it belongs to.
 * @param dataoff of the inner network header, from data
 * @param l4proto for the log
 * @param outer_daddr four words: destination of the error itself
 * @returns NF_ACCEPT, -NF_ACCEPT when there is no such connection or it is not the receiver's
 * @kernel net/netfilter/nf_conntrack_proto_icmp.c:106 (v5.10)
 */
export function nf_conntrack_inet_error(
	tmpl: nf_conn | null,
	skb: sk_buff,
	dataoff: number,
	state: nf_hook_state,
	l4proto: number,
	outer_daddr: Int32Array,
): number {
	const { net, pf } = state;
	const { innertuple, origtuple, tmp, words } = icmp_vars.of(net.machine);

	if (skb._nfct !== null)
		net.machine.record(
			'WARN',
			'nf_conntrack_inet_error',
			'packet has a connection',
			skb,
		);
	const zone = nf_ct_zone_tmpl(tmpl, skb, tmp);

	if (!nf_ct_get_tuplepr(skb, dataoff, pf, net, origtuple)) return -NF_ACCEPT;

	/* The inner packet went the other way than the error. */
	if (!nf_ct_invert_tuple(innertuple, origtuple)) return -NF_ACCEPT;

	const h = nf_conntrack_find_get(net, zone, innertuple);
	if (h === null) return -NF_ACCEPT;

	/*
	 * The entry found is the one of the error's direction, so its destination must be the error's. Otherwise
	 * someone quotes a connection of another host.
	 */
	const ct = nf_ct_tuplehash_to_ctrack(h);
	const dir = NF_CT_DIRECTION(h);
	ct.tuplehash_of(dir).tuple.to_words(words);
	if (
		outer_daddr[0] !== words[5] ||
		outer_daddr[1] !== words[6] ||
		outer_daddr[2] !== words[7] ||
		outer_daddr[3] !== words[8]
	) {
		if (net.ct.sysctl_log_invalid !== 0 && (pf === NFPROTO_IPV4 || pf === NFPROTO_IPV6))
			nf_l4proto_log_invalid(
				skb,
				net,
				pf,
				l4proto,
				`outer daddr ${addr_text(outer_daddr, 0, pf)} != inner ${addr_text(words, 5, pf)}`,
			);
		nf_ct_put(ct);
		return -NF_ACCEPT;
	}

	nf_ct_set(
		skb,
		ct,
		dir === IP_CT_DIR_REPLY ? IP_CT_RELATED + IP_CT_IS_REPLY : IP_CT_RELATED,
	);
	return NF_ACCEPT;
}

/**
 * Logs a broken message, when the namespace wants that.
 * @kernel net/netfilter/nf_conntrack_proto_icmp.c:196 (v5.10)
 */
function icmp_error_log(skb: sk_buff, state: nf_hook_state, msg: string): void {
	nf_l4proto_log_invalid(skb, state.net, state.pf, IPPROTO_ICMP, msg);
}

/**
 * Looks at an ICMP message; an error gets the connection it reports about.
 * @param dataoff of the ICMP header, from data
 * @returns NF_ACCEPT, -NF_ACCEPT for a broken message or an error about nothing known
 * @kernel net/netfilter/nf_conntrack_proto_icmp.c:205 (v5.10)
 */
export function nf_conntrack_icmpv4_error(
	tmpl: nf_conn | null,
	skb: sk_buff,
	dataoff: number,
	state: nf_hook_state,
): number {
	const icmph = skb_header_pointer_off(skb, dataoff, ICMPHDR_LEN);
	if (icmph < 0) {
		icmp_error_log(skb, state, 'short packet');
		return -NF_ACCEPT;
	}
	const type = skb.head[icmph + ICMPHDR_type];

	/* What goes out is taken to be right. */
	if (
		state.net.ct.sysctl_checksum !== 0 &&
		state.hook === NF_INET_PRE_ROUTING &&
		nf_ip_checksum(skb, state.hook, dataoff, IPPROTO_ICMP) !== 0
	) {
		icmp_error_log(skb, state, 'bad hw icmp checksum');
		return -NF_ACCEPT;
	}

	/* Unknown types are discarded in silence. */
	if (type > NR_ICMP_TYPES) {
		icmp_error_log(skb, state, 'invalid icmp type');
		return -NF_ACCEPT;
	}

	if (!icmp_is_err(type)) return NF_ACCEPT;

	const { outer_daddr } = icmp_vars.of(state.net.machine);
	outer_daddr[0] = get_unaligned_be32(skb.head, ip_hdr(skb) + IPHDR_daddr);
	outer_daddr[1] = outer_daddr[2] = outer_daddr[3] = 0;
	return nf_conntrack_inet_error(
		tmpl,
		skb,
		dataoff + ICMPHDR_LEN,
		state,
		IPPROTO_ICMP,
		outer_daddr,
	);
}

/**
 * Writes the ICMP part of a tuple as attributes.
 * @kernel net/netfilter/nf_conntrack_proto_icmp.c:256 (v5.10)
 */
function icmp_tuple_to_nlattr(tb: nlattrs, t: nf_conntrack_tuple): void {
	nla_put_u16(tb, CTA_PROTO_ICMP_ID, t.src_u_all);
	nla_put_u8(tb, CTA_PROTO_ICMP_TYPE, t.dst_u_icmp_type);
	nla_put_u8(tb, CTA_PROTO_ICMP_CODE, t.dst_u_icmp_code);
}

/**
 * Reads the ICMP part of a tuple from attributes.
 * @param flags CTA_FILTER_F_*: which ones are asked for
 * @returns 0, or -EINVAL when one is missing or the type has no answer
 * @kernel net/netfilter/nf_conntrack_proto_icmp.c:275 (v5.10)
 */
function icmp_nlattr_to_tuple(tb: nlattrs, tuple: nf_conntrack_tuple, flags: number): number {
	if ((flags & CTA_FILTER_F_CTA_PROTO_ICMP_TYPE) !== 0) {
		const type = nla_get_u8(tb, CTA_PROTO_ICMP_TYPE);
		if (type === null) return -EINVAL;
		tuple.dst_u_icmp_type = type;
		if (icmp_invmap_get(type) === 0) return -EINVAL;
	}
	if ((flags & CTA_FILTER_F_CTA_PROTO_ICMP_CODE) !== 0) {
		const code = nla_get_u8(tb, CTA_PROTO_ICMP_CODE);
		if (code === null) return -EINVAL;
		tuple.dst_u_icmp_code = code;
	}
	if ((flags & CTA_FILTER_F_CTA_PROTO_ICMP_ID) !== 0) {
		const id = nla_get_u16(tb, CTA_PROTO_ICMP_ID);
		if (id === null) return -EINVAL;
		tuple.src_u_all = id;
	}
	return 0;
}

/**
 * Gives a namespace its settings.
 * @kernel net/netfilter/nf_conntrack_proto_icmp.c:359 (v5.10)
 */
export function nf_conntrack_icmp_init_net(net: net): void {
	nf_icmp_pernet(net).timeout = nf_ct_icmp_timeout;
}

export const nf_conntrack_l4proto_icmp: nf_conntrack_l4proto = {
	l4proto: IPPROTO_ICMP,
	allow_clash: false,
	can_early_drop: null,
	to_nlattr: null,
	from_nlattr: null,
	tuple_to_nlattr: icmp_tuple_to_nlattr,
	nlattr_to_tuple: icmp_nlattr_to_tuple,
	print_conntrack: null,
	pkt_to_tuple: icmp_pkt_to_tuple,
	packet: nf_conntrack_icmp_packet,
	error: nf_conntrack_icmpv4_error,
};
