// SPDX-License-Identifier: GPL-2.0-only
/*
 * net/netfilter/nf_conntrack_proto_udp.c, base v5.10: UDP packets that go between the same ports.
 *
 * Not ported: UDP-Lite (no socket speaks it; tracked as any other protocol), timeout policies, events.
 */
import type { net } from '../../include/net/net_namespace.ts';
import type { sk_buff } from '../../include/linux/skbuff.ts';
import type { nf_hook_state } from '../../include/linux/netfilter.ts';
import { HZ } from '../../include/linux/machine.ts';
import { UDPHDR_check, UDPHDR_len, UDPHDR_LEN } from '../../include/uapi/linux/udp.ts';
import { IPPROTO_UDP } from '../../include/uapi/linux/in.ts';
import { NF_ACCEPT, NF_INET_PRE_ROUTING } from '../../include/uapi/linux/netfilter.ts';
import {
	IPS_ASSURED,
	IPS_NAT_CLASH,
	IPS_SEEN_REPLY,
} from '../../include/uapi/linux/netfilter/nf_conntrack_common.ts';
import { UDP_CT_MAX, UDP_CT_REPLIED, UDP_CT_UNREPLIED } from '../../include/net/netns/conntrack.ts';
import {
	nf_ct_is_confirmed,
	nf_ct_net,
	nfct_time_stamp,
	type nf_conn,
} from '../../include/net/netfilter/nf_conntrack.ts';
import {
	nf_udp_pernet,
	type nf_conntrack_l4proto,
} from '../../include/net/netfilter/nf_conntrack_l4proto.ts';
import { skb_header_pointer_off } from '../core/skbuff.ts';
import {
	nf_ct_port_nlattr_to_tuple,
	nf_ct_port_tuple_to_nlattr,
	nf_ct_refresh_acct,
	nf_l4proto_log_invalid,
} from './nf_conntrack_core.ts';
import { nf_checksum } from './utils.ts';

/* by UDP_CT_* */
const udp_timeouts: readonly number[] = [/* UNREPLIED */ 30 * HZ, /* REPLIED */ 120 * HZ];

/**
 * Timeouts of a namespace, by UDP_CT_*.
 * @kernel net/netfilter/nf_conntrack_proto_udp.c:32 (v5.10)
 */
function udp_get_timeouts(net: net): Float64Array {
	return nf_udp_pernet(net).timeouts;
}

/**
 * Logs a broken packet, when the namespace wants that.
 * @kernel net/netfilter/nf_conntrack_proto_udp.c:37 (v5.10)
 */
function udp_error_log(skb: sk_buff, state: nf_hook_state, msg: string): void {
	nf_l4proto_log_invalid(skb, state.net, state.pf, IPPROTO_UDP, msg);
}

/**
 * Tells whether a packet is broken: short, or with a wrong checksum.
 * @param dataoff of the UDP header, from data
 * @kernel net/netfilter/nf_conntrack_proto_udp.c:45 (v5.10)
 */
function udp_error(skb: sk_buff, dataoff: number, state: nf_hook_state): boolean {
	const udplen = skb.len - dataoff;
	const hdr = skb_header_pointer_off(skb, dataoff, UDPHDR_LEN);
	if (hdr < 0) {
		udp_error_log(skb, state, 'short packet');
		return true;
	}

	const len = skb.view.getUint16(hdr + UDPHDR_len);
	if (len > udplen || len < UDPHDR_LEN) {
		udp_error_log(skb, state, 'truncated/malformed packet');
		return true;
	}

	if (skb.view.getUint16(hdr + UDPHDR_check) === 0) return false;

	/* What goes out is taken to be right. */
	if (
		state.hook === NF_INET_PRE_ROUTING &&
		state.net.ct.sysctl_checksum !== 0 &&
		nf_checksum(skb, state.hook, dataoff, IPPROTO_UDP, state.pf) !== 0
	) {
		udp_error_log(skb, state, 'bad checksum');
		return true;
	}
	return false;
}

/**
 * Takes a packet into its connection; a reply makes it assured, and two seconds of going both ways a stream.
 * @param dataoff of the UDP header, from data
 * @returns NF_ACCEPT, -NF_ACCEPT for a broken packet
 * @kernel net/netfilter/nf_conntrack_proto_udp.c:85 (v5.10)
 */
export function nf_conntrack_udp_packet(
	ct: nf_conn,
	skb: sk_buff,
	dataoff: number,
	ctinfo: number,
	state: nf_hook_state,
): number {
	if (udp_error(skb, dataoff, state)) return -NF_ACCEPT;

	const net = nf_ct_net(ct);
	const timeouts = udp_get_timeouts(net);
	if (!nf_ct_is_confirmed(ct)) ct.proto.udp.stream_ts = (2 * HZ + nfct_time_stamp(net)) | 0;

	if ((ct.status & IPS_SEEN_REPLY) !== 0) {
		let extra = timeouts[UDP_CT_UNREPLIED];
		if (((nfct_time_stamp(net) - ct.proto.udp.stream_ts) | 0) > 0) extra = timeouts[UDP_CT_REPLIED];
		nf_ct_refresh_acct(ct, ctinfo, skb, extra);

		/* One that clashed when it was inserted shall go soon. */
		if ((ct.status & IPS_NAT_CLASH) !== 0) return NF_ACCEPT;
		ct.status |= IPS_ASSURED;
	} else {
		nf_ct_refresh_acct(ct, ctinfo, skb, timeouts[UDP_CT_UNREPLIED]);
	}
	return NF_ACCEPT;
}

/**
 * Gives a namespace its settings.
 * @kernel net/netfilter/nf_conntrack_proto_udp.c:266 (v5.10)
 */
export function nf_conntrack_udp_init_net(net: net): void {
	const un = nf_udp_pernet(net);
	for (let i = 0; i < UDP_CT_MAX; i++) un.timeouts[i] = udp_timeouts[i];
}

export const nf_conntrack_l4proto_udp: nf_conntrack_l4proto = {
	l4proto: IPPROTO_UDP,
	allow_clash: true,
	can_early_drop: null,
	to_nlattr: null,
	from_nlattr: null,
	tuple_to_nlattr: nf_ct_port_tuple_to_nlattr,
	nlattr_to_tuple: nf_ct_port_nlattr_to_tuple,
	print_conntrack: null,
	pkt_to_tuple: null,
	packet: nf_conntrack_udp_packet,
	error: null,
};
