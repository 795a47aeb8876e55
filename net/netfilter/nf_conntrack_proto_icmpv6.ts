// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_conntrack_proto_icmpv6.c, base v5.10: ICMPv6 questions and answers; neighbour
 * discovery and listener messages are not tracked.
 *
 * PORT: the table of answers and nf_conntrack_invert_icmpv6_tuple() are in
 * include/net/netfilter/nf_conntrack_l4proto.ts.
 * Not ported: timeout policies.
 */
import type { net } from '../../include/net/net_namespace.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import type { nf_hook_state } from '../../include/linux/netfilter.ts';
import { HZ, machine_var } from '../../include/linux/machine.ts';
import { get_unaligned_be16, get_unaligned_be32 } from '../../include/linux/byteorder/generic.ts';
import { ipv6_hdr } from '../../include/linux/ipv6.ts';
import { IPV6HDR_daddr } from '../../include/uapi/linux/ipv6.ts';
import {
	ICMP6HDR_code,
	ICMP6HDR_identifier,
	ICMP6HDR_LEN,
	ICMP6HDR_type,
	ICMPV6_ECHO_REQUEST,
	ICMPV6_MGM_QUERY,
	ICMPV6_MGM_REDUCTION,
	ICMPV6_MGM_REPORT,
	ICMPV6_MLD2_REPORT,
	ICMPV6_NI_QUERY,
} from '../../include/uapi/linux/icmpv6.ts';
import {
	NDISC_NEIGHBOUR_ADVERTISEMENT,
	NDISC_NEIGHBOUR_SOLICITATION,
	NDISC_ROUTER_ADVERTISEMENT,
	NDISC_ROUTER_SOLICITATION,
} from '../../include/net/ndisc.ts';
import { IPPROTO_ICMPV6 } from '../../include/uapi/linux/in.ts';
import {
	NF_ACCEPT,
	NF_INET_PRE_ROUTING,
	NFPROTO_IPV6,
} from '../../include/uapi/linux/netfilter.ts';
import { IP_CT_UNTRACKED } from '../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import {
	CTA_PROTO_ICMPV6_CODE,
	CTA_PROTO_ICMPV6_ID,
	CTA_PROTO_ICMPV6_TYPE,
} from '../../include/uapi/linux/netfilter/nfnetlink_conntrack.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import {
	nla_get_u16,
	nla_get_u8,
	nla_put_u16,
	nla_put_u8,
	type nlattrs,
} from '../../include/net/netlink.ts';
import type { nf_conntrack_tuple } from '../../include/net/netfilter/nf_conntrack_tuple.ts';
import {
	nf_ct_is_confirmed,
	nf_ct_net,
	nf_ct_set,
	type nf_conn,
} from '../../include/net/netfilter/nf_conntrack.ts';
import {
	icmpv6_invmap_get,
	nf_icmpv6_pernet,
	type nf_conntrack_l4proto,
} from '../../include/net/netfilter/nf_conntrack_l4proto.ts';
import { skb_header_pointer_off } from '../core/skbuff.ts';
import { nf_ct_refresh_acct, nf_l4proto_log_invalid } from './nf_conntrack_core.ts';
import { nf_conntrack_inet_error } from './nf_conntrack_proto_icmp.ts';
import {
	CTA_FILTER_F_CTA_PROTO_ICMPV6_CODE,
	CTA_FILTER_F_CTA_PROTO_ICMPV6_ID,
	CTA_FILTER_F_CTA_PROTO_ICMPV6_TYPE,
} from './nf_internals.ts';
import { nf_ip6_checksum } from './utils.ts';

export { nf_conntrack_invert_icmpv6_tuple } from '../../include/net/netfilter/nf_conntrack_l4proto.ts';

const nf_ct_icmpv6_timeout = 30 * HZ;

/* a variable on the stack in C: words of the packet's destination */
const outer_daddr_var = machine_var(() => new Int32Array(4));

/**
 * Fills the ICMPv6 part of a tuple.
 * @param dataoff of the ICMPv6 header, from data
 * @returns false when the packet is short
 * @kernel net/netfilter/nf_conntrack_proto_icmpv6.c:31 (v5.10)
 */
export function icmpv6_pkt_to_tuple(
	skb: sk_buff,
	dataoff: number,
	_net: net,
	tuple: nf_conntrack_tuple,
): boolean {
	const hp = skb_header_pointer_off(skb, dataoff, ICMP6HDR_LEN);
	if (hp < 0) return false;
	tuple.dst_u_icmp_type = skb.head[hp + ICMP6HDR_type];
	tuple.src_u_all = get_unaligned_be16(skb.head, hp + ICMP6HDR_identifier);
	tuple.dst_u_icmp_code = skb.head[hp + ICMP6HDR_code];
	return true;
}

/**
 * Tells whether a type is one that is never tracked.
 * @kernel PORT: noct_valid_new, a table in C
 */
function icmpv6_noct(type: number): boolean {
	switch (type) {
		case ICMPV6_MGM_QUERY:
		case ICMPV6_MGM_REPORT:
		case ICMPV6_MGM_REDUCTION:
		case NDISC_ROUTER_SOLICITATION:
		case NDISC_ROUTER_ADVERTISEMENT:
		case NDISC_NEIGHBOUR_SOLICITATION:
		case NDISC_NEIGHBOUR_ADVERTISEMENT:
		case ICMPV6_MLD2_REPORT:
			return true;
	}
	return false;
}

/**
 * Takes a message into its connection.
 * @returns NF_ACCEPT, -NF_ACCEPT for a message that cannot begin a connection
 * @kernel net/netfilter/nf_conntrack_proto_icmpv6.c:87 (v5.10)
 */
export function nf_conntrack_icmpv6_packet(
	ct: nf_conn,
	skb: sk_buff,
	_dataoff: number,
	ctinfo: number,
	state: nf_hook_state,
): number {
	if (state.pf !== NFPROTO_IPV6) return -NF_ACCEPT;

	if (!nf_ct_is_confirmed(ct)) {
		const type = ct.tuplehash_of(0).tuple.dst_u_icmp_type;
		if (type !== ICMPV6_ECHO_REQUEST && type !== ICMPV6_NI_QUERY) return -NF_ACCEPT;
	}

	/* An answer does not end it: answers may come twice. */
	nf_ct_refresh_acct(ct, ctinfo, skb, nf_icmpv6_pernet(nf_ct_net(ct)).timeout);
	return NF_ACCEPT;
}

/**
 * Logs a broken message, when the namespace wants that.
 * @kernel net/netfilter/nf_conntrack_proto_icmpv6.c:125 (v5.10)
 */
function icmpv6_error_log(skb: sk_buff, state: nf_hook_state, msg: string): void {
	nf_l4proto_log_invalid(skb, state.net, state.pf, IPPROTO_ICMPV6, msg);
}

/**
 * Looks at an ICMPv6 message: discovery is marked untracked, an error gets the connection it reports about.
 * @param dataoff of the ICMPv6 header, from data
 * @returns NF_ACCEPT, -NF_ACCEPT for a broken message or an error about nothing known
 * @kernel net/netfilter/nf_conntrack_proto_icmpv6.c:133 (v5.10)
 */
export function nf_conntrack_icmpv6_error(
	tmpl: nf_conn | null,
	skb: sk_buff,
	dataoff: number,
	state: nf_hook_state,
): number {
	const icmp6h = skb_header_pointer_off(skb, dataoff, ICMP6HDR_LEN);
	if (icmp6h < 0) {
		icmpv6_error_log(skb, state, 'short packet');
		return -NF_ACCEPT;
	}
	const type = skb.head[icmp6h + ICMP6HDR_type];

	if (
		state.hook === NF_INET_PRE_ROUTING &&
		state.net.ct.sysctl_checksum !== 0 &&
		nf_ip6_checksum(skb, state.hook, dataoff, IPPROTO_ICMPV6) !== 0
	) {
		icmpv6_error_log(skb, state, 'ICMPv6 checksum failed');
		return -NF_ACCEPT;
	}

	if (icmpv6_noct(type)) {
		nf_ct_set(skb, null, IP_CT_UNTRACKED);
		return NF_ACCEPT;
	}

	/* no error */
	if (type >= 128) return NF_ACCEPT;

	const outer_daddr = outer_daddr_var.of(state.net.machine);
	const daddr = ipv6_hdr(skb) + IPV6HDR_daddr;
	for (let i = 0; i < 4; i++) outer_daddr[i] = get_unaligned_be32(skb.head, daddr + 4 * i);
	return nf_conntrack_inet_error(
		tmpl,
		skb,
		dataoff + ICMP6HDR_LEN,
		state,
		IPPROTO_ICMPV6,
		outer_daddr,
	);
}

/**
 * Writes the ICMPv6 part of a tuple as attributes.
 * @kernel net/netfilter/nf_conntrack_proto_icmpv6.c:178 (v5.10)
 */
function icmpv6_tuple_to_nlattr(tb: nlattrs, t: nf_conntrack_tuple): void {
	nla_put_u16(tb, CTA_PROTO_ICMPV6_ID, t.src_u_all);
	nla_put_u8(tb, CTA_PROTO_ICMPV6_TYPE, t.dst_u_icmp_type);
	nla_put_u8(tb, CTA_PROTO_ICMPV6_CODE, t.dst_u_icmp_code);
}

/**
 * Reads the ICMPv6 part of a tuple from attributes.
 * @param flags CTA_FILTER_F_*: which ones are asked for
 * @returns 0, or -EINVAL when one is missing or the type has no answer
 * @kernel net/netfilter/nf_conntrack_proto_icmpv6.c:197 (v5.10)
 */
function icmpv6_nlattr_to_tuple(tb: nlattrs, tuple: nf_conntrack_tuple, flags: number): number {
	if ((flags & CTA_FILTER_F_CTA_PROTO_ICMPV6_TYPE) !== 0) {
		const type = nla_get_u8(tb, CTA_PROTO_ICMPV6_TYPE);
		if (type === null) return -EINVAL;
		tuple.dst_u_icmp_type = type;
		if (icmpv6_invmap_get(type) === 0) return -EINVAL;
	}
	if ((flags & CTA_FILTER_F_CTA_PROTO_ICMPV6_CODE) !== 0) {
		const code = nla_get_u8(tb, CTA_PROTO_ICMPV6_CODE);
		if (code === null) return -EINVAL;
		tuple.dst_u_icmp_code = code;
	}
	if ((flags & CTA_FILTER_F_CTA_PROTO_ICMPV6_ID) !== 0) {
		const id = nla_get_u16(tb, CTA_PROTO_ICMPV6_ID);
		if (id === null) return -EINVAL;
		tuple.src_u_all = id;
	}
	return 0;
}

/**
 * Gives a namespace its settings.
 * @kernel net/netfilter/nf_conntrack_proto_icmpv6.c:282 (v5.10)
 */
export function nf_conntrack_icmpv6_init_net(net: net): void {
	nf_icmpv6_pernet(net).timeout = nf_ct_icmpv6_timeout;
}

export const nf_conntrack_l4proto_icmpv6: nf_conntrack_l4proto = {
	l4proto: IPPROTO_ICMPV6,
	allow_clash: false,
	can_early_drop: null,
	to_nlattr: null,
	from_nlattr: null,
	tuple_to_nlattr: icmpv6_tuple_to_nlattr,
	nlattr_to_tuple: icmpv6_nlattr_to_tuple,
	print_conntrack: null,
	pkt_to_tuple: icmpv6_pkt_to_tuple,
	packet: nf_conntrack_icmpv6_packet,
	error: nf_conntrack_icmpv6_error,
};
