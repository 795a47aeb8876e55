// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/arp.c, base v5.10: the address resolution protocol.
 *
 * PORT: the table is made in include/net/arp.ts. Requests that are answered for others after a delay wait
 * here, each with a timer of its own, instead of in the table's proxy queue.
 * Not ported: ioctls, proxy entries of single addresses, links other than Ethernet-like and IP-only ones.
 */
import {
	get_unaligned_be16,
	get_unaligned_be32,
	htonl,
	htons,
	ntohl,
	put_unaligned_be16,
	put_unaligned_be32,
} from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { ipv4_is_loopback, ipv4_is_multicast } from '../../include/linux/in.ts';
import {
	__in_dev_get_rcu,
	IN_DEV_ARP_ACCEPT,
	IN_DEV_ARP_ANNOUNCE,
	IN_DEV_ARP_IGNORE,
	IN_DEV_ARPFILTER,
	IN_DEV_FORWARD,
	IN_DEV_MEDIUM_ID,
	IN_DEV_ORCONF,
	IN_DEV_PROXY_ARP,
	IN_DEV_PROXY_ARP_PVLAN,
	IN_DEV_ROUTE_LOCALNET,
	type in_device,
} from '../../include/linux/inetdevice.ts';
import { ip_saddr } from '../../include/linux/ip.ts';
import {
	type Machine,
	machine_var,
	prandom_u32_max,
	time_after,
} from '../../include/linux/machine.ts';
import {
	dev_hard_header,
	dev_net,
	IFF_XMIT_DST_RELEASE,
	LL_RESERVED_SPACE,
	MAX_ADDR_LEN,
	NET_RX_DROP,
	NET_RX_SUCCESS,
	type net_device,
	NETDEV_CHANGE,
	NETDEV_CHANGEADDR,
	netdev_notifier_change_info,
	type netdev_notifier_info,
	netdev_notifier_info_to_dev,
	netif_carrier_ok,
	netif_running,
	packet_type,
} from '../../include/linux/netdevice.ts';
import { NOTIFY_DONE } from '../../include/linux/notifier.ts';
import { proc_create_net, remove_proc_entry } from '../../include/linux/proc_fs.ts';
import {
	PACKET_HOST,
	PACKET_LOOPBACK,
	PACKET_OTHERHOST,
	skb_reserve,
	skb_reset_network_header,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import { AF_INET } from '../../include/linux/socket.ts';
import { add_timer, del_timer, timer_list } from '../../include/linux/timer.ts';
import type { __be32 } from '../../include/linux/types.ts';
import { ip4_string, mac_address_string } from '../../include/linux/vsprintf.ts';
import {
	arp_tbl,
	ARPHDR_ar_hln,
	ARPHDR_ar_hrd,
	ARPHDR_ar_op,
	ARPHDR_ar_pln,
	ARPHDR_ar_pro,
	ARPHDR_LEN,
} from '../../include/net/arp.ts';
import { type dst_entry, dst_hold, dst_link_failure, skb_dst_set } from '../../include/net/dst.ts';
import { ip_eth_mc_map } from '../../include/net/ip.ts';
import { ipv4_stub } from '../../include/net/ipv4_stubs.ts';
import { l3mdev_master_ifindex_rcu } from '../../include/net/l3mdev.ts';
import {
	__neigh_parms_put,
	LOCALLY_ENQUEUED,
	NEIGH_ARP_TABLE,
	type neigh_ops,
	neigh_parms_clone,
	NEIGH_UPDATE_F_OVERRIDE,
	NEIGH_VAR,
	NEIGH_VAR_APP_PROBES,
	NEIGH_VAR_LOCKTIME,
	NEIGH_VAR_PROXY_DELAY,
	NEIGH_VAR_PROXY_QLEN,
	NEIGH_VAR_UCAST_PROBES,
	type neighbour,
	NUD_VALID,
} from '../../include/net/neighbour.ts';
import type { net } from '../../include/net/net_namespace.ts';
import type { rtable } from '../../include/net/route.ts';
import { NET_INC_STATS } from '../../include/net/snmp.ts';
import type { sock } from '../../include/net/sock.ts';
import { EINVAL } from '../../include/uapi/linux/errno.ts';
import {
	ARPHRD_ETHER,
	ARPOP_REPLY,
	ARPOP_REQUEST,
	IFF_LOOPBACK,
	IFF_NOARP,
	IFF_POINTOPOINT,
} from '../../include/uapi/linux/if.ts';
import { ETH_P_ARP, ETH_P_IP } from '../../include/uapi/linux/if_ether.ts';
import { IPV4_DEVCONF_DROP_GRATUITOUS_ARP } from '../../include/uapi/linux/ip.ts';
import {
	NUD_NOARP,
	NUD_PERMANENT,
	NUD_REACHABLE,
	NUD_STALE,
} from '../../include/uapi/linux/neighbour.ts';
import { NFPROTO_ARP } from '../../include/uapi/linux/netfilter.ts';
import { NF_ARP_IN, NF_ARP_OUT } from '../../include/uapi/linux/netfilter_arp.ts';
import {
	RT_SCOPE_HOST,
	RT_SCOPE_LINK,
	RTN_BROADCAST,
	RTN_LOCAL,
	RTN_MULTICAST,
	RTN_UNICAST,
} from '../../include/uapi/linux/rtnetlink.ts';
import { LINUX_MIB_ARPFILTER } from '../../include/uapi/linux/snmp.ts';
import { dev_add_pack, dev_queue_xmit, register_netdevice_notifier } from '../core/dev.ts';
import {
	__neigh_lookup,
	neigh_app_ns,
	neigh_carrier_down,
	neigh_changeaddr,
	neigh_connected_output,
	neigh_direct_output,
	neigh_event_ns,
	neigh_for_each,
	neigh_ifdown,
	neigh_release,
	neigh_resolve_output,
	neigh_sysctl_register,
	neigh_sysctl_unregister,
	neigh_table_init,
	neigh_update,
} from '../core/neighbour.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import {
	alloc_skb,
	consume_skb,
	kfree_skb,
	pskb_may_pull,
	skb_dst_drop,
	skb_put,
	skb_share_check,
} from '../core/skbuff.ts';
import { NF_HOOK } from '../netfilter/core.ts';
import { inet_addr_onlink, inet_confirm_addr, inet_select_addr } from './devinet.ts';
import { inet_addr_type_dev_table } from './fib_frontend.ts';
import { ip_route_input_noref, ip_route_output, ip_rt_put, rt_cache_flush } from './route.ts';

/* include/uapi/linux/if_arp.h */
const ARPHRD_IEEE802 = 6;
const ATF_COM = 0x02;
const ATF_PERM = 0x04;

/** A request that waits to be answered for someone else. */
interface proxy_request {
	skb: sk_buff;
	timer: timer_list;
}

/** Link addresses of the packet at hand. */
const arp_addrs = machine_var(() => ({
	sha: new Uint8Array(MAX_ADDR_LEN),
	tha: new Uint8Array(MAX_ADDR_LEN),
}));

const proxy_queue = machine_var(() => new Set<proxy_request>());

const arp_generic_ops: neigh_ops = {
	family: AF_INET,
	solicit: arp_solicit,
	error_report: arp_error_report,
	output: neigh_resolve_output,
	connected_output: neigh_connected_output,
};

const arp_hh_ops: neigh_ops = {
	family: AF_INET,
	solicit: arp_solicit,
	error_report: arp_error_report,
	output: neigh_resolve_output,
	connected_output: neigh_resolve_output,
};

const arp_direct_ops: neigh_ops = {
	family: AF_INET,
	solicit: null,
	error_report: null,
	output: neigh_direct_output,
	connected_output: neigh_direct_output,
};

/**
 * Length of an ARP packet on a device.
 * @kernel PORT: inline of include/linux/if_arp.h:39
 */
function arp_hdr_len(dev: net_device): number {
	return ARPHDR_LEN + (dev.addr_len + 4) * 2;
}

/**
 * Link address of a group.
 * @param addr network order
 * @param haddr filled
 * @returns 0
 * @kernel net/ipv4/arp.c:186 (v5.10)
 */
export function arp_mc_map(addr: __be32, haddr: Uint8Array, dev: net_device): number {
	if (dev.type === ARPHRD_ETHER) ip_eth_mc_map(addr, haddr);
	else haddr.set(dev.broadcast.subarray(0, dev.addr_len));
	return 0;
}

/**
 * Completes a new neighbour by its device: one that ARP must ask for, one whose link address is known, or
 * one that needs none.
 * @returns 0 or -EINVAL
 * @kernel net/ipv4/arp.c:222 (v5.10)
 */
function arp_constructor(neigh: neighbour): number {
	const { dev } = neigh;
	if ((dev.flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) !== 0) {
		neigh.primary_key.fill(0);
		neigh.key32 = htonl(0);
	}
	const addr = neigh.key32;
	const in_dev = __in_dev_get_rcu(dev);
	if (in_dev === null) return -EINVAL;
	neigh.type = inet_addr_type_dev_table(dev_net(dev), dev, addr);
	__neigh_parms_put(neigh.parms);
	neigh.parms = neigh_parms_clone(in_dev.arp_parms!);

	if (dev.header_ops === null) {
		neigh.nud_state = NUD_NOARP;
		neigh.ops = arp_direct_ops;
		neigh.output = neigh_direct_output;
		return 0;
	}
	if (neigh.type === RTN_MULTICAST) {
		neigh.nud_state = NUD_NOARP;
		arp_mc_map(addr, neigh.ha, dev);
	} else if ((dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) {
		neigh.nud_state = NUD_NOARP;
		neigh.ha.set(dev.dev_addr.subarray(0, dev.addr_len));
	} else if (neigh.type === RTN_BROADCAST || (dev.flags & IFF_POINTOPOINT) !== 0) {
		neigh.nud_state = NUD_NOARP;
		neigh.ha.set(dev.broadcast.subarray(0, dev.addr_len));
	}
	neigh.ops = dev.header_ops.cache !== undefined ? arp_hh_ops : arp_generic_ops;
	neigh.output =
		(neigh.nud_state & NUD_VALID) !== 0 ? neigh.ops.connected_output : neigh.ops.output;
	return 0;
}

/**
 * A neighbour does not answer: the sender of a waiting packet hears of it.
 * @kernel net/ipv4/arp.c:293 (v5.10)
 */
function arp_error_report(_neigh: neighbour, skb: sk_buff): void {
	dst_link_failure(skb);
	kfree_skb(skb);
}

/**
 * Makes and sends an ARP packet.
 * @param type ARPOP_*
 * @param ptype ethertype
 * @param dest_ip network order
 * @param src_ip network order
 * @param dest_hw null for broadcast
 * @param src_hw null for the device's own
 * @param target_hw null for zeros
 * @param dst destination to attach, or null
 * @kernel net/ipv4/arp.c:300 (v5.10)
 */
function arp_send_dst(
	type: number,
	ptype: number,
	dest_ip: __be32,
	dev: net_device,
	src_ip: __be32,
	dest_hw: Uint8Array | null,
	src_hw: Uint8Array | null,
	target_hw: Uint8Array | null,
	dst: dst_entry | null,
): void {
	if ((dev.flags & IFF_NOARP) !== 0) return;
	const skb = arp_create(type, ptype, dest_ip, dev, src_ip, dest_hw, src_hw, target_hw);
	if (skb === null) return;
	if (dst !== null) dst_hold(dst);
	skb_dst_set(skb, dst);
	arp_xmit(skb);
}

/**
 * Makes and sends an ARP packet; see arp_send_dst().
 * @kernel net/ipv4/arp.c:322 (v5.10)
 */
export function arp_send(
	type: number,
	ptype: number,
	dest_ip: __be32,
	dev: net_device,
	src_ip: __be32,
	dest_hw: Uint8Array | null,
	src_hw: Uint8Array | null,
	target_hw: Uint8Array | null,
): void {
	arp_send_dst(type, ptype, dest_ip, dev, src_ip, dest_hw, src_hw, target_hw, null);
}

/**
 * Asks for a neighbour; neigh_ops.solicit.
 * @param skb packet that waits for it, or null
 * @kernel net/ipv4/arp.c:332 (v5.10)
 */
function arp_solicit(neigh: neighbour, skb: sk_buff | null): void {
	const { dev } = neigh;
	const net = dev_net(dev);
	const target = neigh.key32;
	const in_dev = __in_dev_get_rcu(dev);
	if (in_dev === null) return;
	let saddr = htonl(0);
	switch (IN_DEV_ARP_ANNOUNCE(in_dev)) {
		case 1:
			if (skb === null) break;
			saddr = ip_saddr(skb);
			if (
				inet_addr_type_dev_table(net, dev, saddr) !== RTN_LOCAL ||
				!inet_addr_onlink(in_dev, target, saddr)
			)
				saddr = htonl(0);
			break;
		case 2:
			break;
		default:
			if (
				skb !== null &&
				inet_addr_type_dev_table(net, dev, ip_saddr(skb)) === RTN_LOCAL
			)
				saddr = ip_saddr(skb);
			break;
	}
	if (saddr === 0) saddr = inet_select_addr(dev, target, RT_SCOPE_LINK);

	let dst_hw: Uint8Array | null = null;
	let probes = neigh.probes - NEIGH_VAR(neigh.parms, NEIGH_VAR_UCAST_PROBES);
	if (probes < 0) {
		dst_hw = neigh.ha;
	} else {
		probes -= NEIGH_VAR(neigh.parms, NEIGH_VAR_APP_PROBES);
		if (probes < 0) {
			neigh_app_ns(neigh);
			return;
		}
	}
	const dst = skb !== null && (dev.priv_flags & IFF_XMIT_DST_RELEASE) === 0 ? skb._dst : null;
	arp_send_dst(ARPOP_REQUEST, ETH_P_ARP, target, dev, saddr, dst_hw, dev.dev_addr, null, dst);
}

/**
 * Does arp_ignore forbid an answer?
 * @param sip who asks, network order
 * @param tip what is asked for, network order
 * @kernel net/ipv4/arp.c:395 (v5.10)
 */
function arp_ignore(in_dev: in_device, sip: __be32, tip: __be32): boolean {
	const net = dev_net(in_dev.dev);
	switch (IN_DEV_ARP_IGNORE(in_dev)) {
		case 1:
			return inet_confirm_addr(net, in_dev, htonl(0), tip, RT_SCOPE_HOST) === 0;
		case 2:
			return inet_confirm_addr(net, in_dev, sip, tip, RT_SCOPE_HOST) === 0;
		case 3:
			return inet_confirm_addr(net, null, htonl(0), tip, RT_SCOPE_LINK) === 0;
		case 8:
			return true;
		default:
			return false;
	}
}

/**
 * Does arp_filter forbid an answer: would packets to who asks leave by another device?
 * @param sip who asks, network order
 * @param tip what is asked for, network order
 * @kernel net/ipv4/arp.c:431 (v5.10)
 */
function arp_filter(sip: __be32, tip: __be32, dev: net_device): boolean {
	const net = dev_net(dev);
	const rt = ip_route_output(net, sip, tip, 0, l3mdev_master_ifindex_rcu(dev));
	if (IS_ERR(rt)) return true;
	const flag = rt.dev !== dev;
	if (flag) NET_INC_STATS(net, LINUX_MIB_ARPFILTER);
	ip_rt_put(rt);
	return flag;
}

/**
 * May this host answer for a destination behind it?
 * @kernel net/ipv4/arp.c:452 (v5.10)
 */
function arp_fwd_proxy(in_dev: in_device, dev: net_device, rt: rtable): boolean {
	if (rt.dev === dev) return false;
	if (!IN_DEV_PROXY_ARP(in_dev)) return false;
	const imi = IN_DEV_MEDIUM_ID(in_dev);
	if (imi === 0) return true;
	if (imi === -1) return false;
	const out_dev = __in_dev_get_rcu(rt.dev!);
	const omi = out_dev !== null ? IN_DEV_MEDIUM_ID(out_dev) : -1;
	return omi !== imi && omi !== -1;
}

/**
 * May this host answer for a destination on the same link (private VLAN, RFC 3069)?
 * @param sip network order
 * @param tip network order
 * @kernel net/ipv4/arp.c:497 (v5.10)
 */
function arp_fwd_pvlan(
	in_dev: in_device,
	dev: net_device,
	rt: rtable,
	sip: __be32,
	tip: __be32,
): boolean {
	return rt.dev === dev && sip !== tip && IN_DEV_PROXY_ARP_PVLAN(in_dev);
}

/**
 * Makes an ARP packet.
 * @param type ARPOP_*
 * @param ptype ethertype
 * @param dest_ip network order
 * @param src_ip network order
 * @param dest_hw null for broadcast
 * @param src_hw null for the device's own
 * @param target_hw null for zeros
 * @returns null when the device cannot make a header
 * @kernel net/ipv4/arp.c:523 (v5.10)
 */
export function arp_create(
	type: number,
	ptype: number,
	dest_ip: __be32,
	dev: net_device,
	src_ip: __be32,
	dest_hw: Uint8Array | null,
	src_hw: Uint8Array | null,
	target_hw: Uint8Array | null,
): sk_buff | null {
	const hlen = LL_RESERVED_SPACE(dev);
	const { addr_len } = dev;
	const skb = alloc_skb(dev.machine, arp_hdr_len(dev) + hlen + dev.needed_tailroom);
	skb_reserve(skb, hlen);
	skb_reset_network_header(skb);
	const arp = skb_put(skb, arp_hdr_len(dev));
	skb.dev = dev;
	skb.protocol = ETH_P_ARP;
	src_hw ??= dev.dev_addr;
	dest_hw ??= dev.broadcast;
	if (dev_hard_header(skb, dev, htons(ptype), dest_hw, src_hw, skb.len) < 0) {
		kfree_skb(skb);
		return null;
	}
	const { head } = skb;
	put_unaligned_be16(dev.type, head, arp + ARPHDR_ar_hrd);
	put_unaligned_be16(ETH_P_IP, head, arp + ARPHDR_ar_pro);
	head[arp + ARPHDR_ar_hln] = addr_len;
	head[arp + ARPHDR_ar_pln] = 4;
	put_unaligned_be16(type, head, arp + ARPHDR_ar_op);

	let arp_ptr = arp + ARPHDR_LEN;
	for (let i = 0; i < addr_len; i++) head[arp_ptr + i] = src_hw[i];
	arp_ptr += addr_len;
	put_unaligned_be32(ntohl(src_ip), head, arp_ptr);
	arp_ptr += 4;
	for (let i = 0; i < addr_len; i++)
		head[arp_ptr + i] = target_hw === null ? 0 : target_hw[i];
	arp_ptr += addr_len;
	put_unaligned_be32(ntohl(dest_ip), head, arp_ptr);
	return skb;
}

/**
 * Sends an ARP packet that has passed the hooks.
 * @returns 0, NET_XMIT_* or a negative errno
 * @kernel net/ipv4/arp.c:630 (v5.10)
 */
function arp_xmit_finish(_net: net, _sk: sock | null, skb: sk_buff): number {
	return dev_queue_xmit(skb);
}

/**
 * Sends an ARP packet.
 * @kernel net/ipv4/arp.c:638 (v5.10)
 */
export function arp_xmit(skb: sk_buff): void {
	const dev = skb.dev!;
	NF_HOOK(NFPROTO_ARP, NF_ARP_OUT, dev_net(dev), null, skb, null, dev, arp_xmit_finish);
}

/**
 * Looks whether a packet is a gratuitous one. PORT: of another host when the answer is RTN_UNICAST.
 * @param ar_op ARPOP_*
 * @param sip network order
 * @param tip network order
 * @returns type of sip (RTN_*), or -1 for a packet that is not gratuitous
 * @kernel net/ipv4/arp.c:647 (v5.10)
 */
function arp_is_garp(
	net: net,
	dev: net_device,
	ar_op: number,
	sip: __be32,
	tip: __be32,
	sha: Uint8Array,
	tha: Uint8Array,
): number {
	if (tip !== sip) return -1;
	if (ar_op === ARPOP_REPLY)
		for (let i = 0; i < dev.addr_len; i++) if (tha[i] !== sha[i]) return -1;
	return inet_addr_type_dev_table(net, dev, sip);
}

/**
 * Lets a request for someone else wait, for the host itself may answer.
 * @kernel PORT: net/core/neighbour.c pneigh_enqueue and neigh_proxy_process
 */
function pneigh_enqueue(in_dev: in_device, skb: sk_buff): void {
	const m = skb.machine;
	const queue = proxy_queue.of(m);
	const p = in_dev.arp_parms!;
	if (queue.size > NEIGH_VAR(p, NEIGH_VAR_PROXY_QLEN)) {
		kfree_skb(skb);
		return;
	}
	skb.cb0 |= LOCALLY_ENQUEUED;
	skb_dst_drop(skb);
	const request: proxy_request = {
		skb,
		timer: new timer_list(m, () => {
			queue.delete(request);
			const dev = skb.dev!;
			if (netif_running(dev)) parp_redo(skb);
			else kfree_skb(skb);
		}),
	};
	queue.add(request);
	request.timer.expires = m.jiffies + prandom_u32_max(m, NEIGH_VAR(p, NEIGH_VAR_PROXY_DELAY));
	add_timer(request.timer);
}

/**
 * Learns from a packet about its sender.
 * @param op ARPOP_*
 * @param sip network order
 * @param tip network order
 * @kernel PORT: part of arp_process
 */
function arp_update(
	net: net,
	in_dev: in_device,
	skb: sk_buff,
	op: number,
	sip: __be32,
	tip: __be32,
	sha: Uint8Array,
	tha: Uint8Array,
): void {
	const { dev } = in_dev;
	const m = dev.machine;
	const tbl = arp_tbl.of(m);
	const accept = IN_DEV_ARP_ACCEPT(in_dev);
	let n = __neigh_lookup(tbl, sip, dev, false);
	if (n === null && !accept) return;
	const addr_type = arp_is_garp(net, dev, op, sip, tip, sha, tha);
	const is_garp = addr_type === RTN_UNICAST;
	if (accept && n === null) {
		/* Unsolicited ones are not believed by default. */
		const new_one =
			is_garp ||
			(op === ARPOP_REPLY &&
				(addr_type === RTN_UNICAST ||
					(addr_type < 0 &&
						inet_addr_type_dev_table(net, dev, sip) ===
							RTN_UNICAST)));
		if (new_one) n = __neigh_lookup(tbl, sip, dev, true);
	}
	if (n === null) return;
	/* Of several answers at once the first one counts. */
	const override =
		time_after(m.jiffies, n.updated + NEIGH_VAR(n.parms, NEIGH_VAR_LOCKTIME)) ||
		is_garp;
	/* Requests and broadcast answers do not show that the neighbour hears us. */
	const state =
		op !== ARPOP_REPLY || skb.pkt_type !== PACKET_HOST ? NUD_STALE : NUD_REACHABLE;
	neigh_update(n, sha, state, override ? NEIGH_UPDATE_F_OVERRIDE : 0);
	neigh_release(n);
}

/**
 * Handles an ARP packet: answers requests, learns from answers.
 * @returns NET_RX_SUCCESS or NET_RX_DROP
 * @kernel net/ipv4/arp.c:677 (v5.10)
 */
function arp_process(net: net, _sk: sock | null, skb: sk_buff): number {
	const dev = skb.dev!;
	const tbl = arp_tbl.of(dev.machine);
	const in_dev = __in_dev_get_rcu(dev);
	const arp = skb.network_header;
	const { head } = skb;
	const hrd = get_unaligned_be16(head, arp + ARPHDR_ar_hrd);
	const op = get_unaligned_be16(head, arp + ARPHDR_ar_op);
	const type_ok = hrd === dev.type || (dev.type === ARPHRD_ETHER && hrd === ARPHRD_IEEE802);
	if (
		in_dev === null ||
		!type_ok ||
		get_unaligned_be16(head, arp + ARPHDR_ar_pro) !== ETH_P_IP ||
		(op !== ARPOP_REPLY && op !== ARPOP_REQUEST)
	) {
		kfree_skb(skb);
		return NET_RX_DROP;
	}

	let arp_ptr = arp + ARPHDR_LEN;
	const { sha, tha } = arp_addrs.of(dev.machine);
	for (let i = 0; i < dev.addr_len; i++) sha[i] = head[arp_ptr + i];
	arp_ptr += dev.addr_len;
	const sip = get_unaligned_be32(head, arp_ptr);
	arp_ptr += 4;
	for (let i = 0; i < dev.addr_len; i++) tha[i] = head[arp_ptr + i];
	arp_ptr += dev.addr_len;
	const tip = get_unaligned_be32(head, arp_ptr);
	if (
		ipv4_is_multicast(tip) ||
		(!IN_DEV_ROUTE_LOCALNET(in_dev) && ipv4_is_loopback(tip)) ||
		(sip === tip && IN_DEV_ORCONF(in_dev, IPV4_DEVCONF_DROP_GRATUITOUS_ARP))
	) {
		kfree_skb(skb);
		return NET_RX_DROP;
	}

	/* Duplicate address detection (RFC 2131). */
	if (sip === 0) {
		if (
			op === ARPOP_REQUEST &&
			inet_addr_type_dev_table(net, dev, tip) === RTN_LOCAL &&
			!arp_ignore(in_dev, sip, tip)
		)
			arp_send(ARPOP_REPLY, ETH_P_ARP, sip, dev, tip, sha, dev.dev_addr, sha);
		consume_skb(skb);
		return NET_RX_SUCCESS;
	}

	if (op === ARPOP_REQUEST && ip_route_input_noref(skb, tip, sip, 0, dev) === 0) {
		const rt = skb._dst as rtable;
		const addr_type = rt.rt_type;
		if (addr_type === RTN_LOCAL) {
			let dont_send = arp_ignore(in_dev, sip, tip);
			if (!dont_send && IN_DEV_ARPFILTER(in_dev))
				dont_send = arp_filter(sip, tip, dev);
			if (!dont_send) {
				const n = neigh_event_ns(tbl, sha, sip, dev);
				if (n !== null) {
					arp_send(
						ARPOP_REPLY,
						ETH_P_ARP,
						sip,
						dev,
						tip,
						sha,
						dev.dev_addr,
						sha,
					);
					neigh_release(n);
				}
			}
			consume_skb(skb);
			return NET_RX_SUCCESS;
		}
		if (
			IN_DEV_FORWARD(in_dev) &&
			addr_type === RTN_UNICAST &&
			(arp_fwd_proxy(in_dev, dev, rt) || arp_fwd_pvlan(in_dev, dev, rt, sip, tip))
		) {
			const n = neigh_event_ns(tbl, sha, sip, dev);
			if (n !== null) neigh_release(n);
			if (
				(skb.cb0 & LOCALLY_ENQUEUED) !== 0 ||
				skb.pkt_type === PACKET_HOST ||
				NEIGH_VAR(in_dev.arp_parms!, NEIGH_VAR_PROXY_DELAY) === 0
			) {
				arp_send(
					ARPOP_REPLY,
					ETH_P_ARP,
					sip,
					dev,
					tip,
					sha,
					dev.dev_addr,
					sha,
				);
				consume_skb(skb);
			} else {
				pneigh_enqueue(in_dev, skb);
			}
			return NET_RX_SUCCESS;
		}
	}

	arp_update(net, in_dev, skb, op, sip, tip, sha, tha);
	consume_skb(skb);
	return NET_RX_SUCCESS;
}

/**
 * A request has waited long enough; neigh_table.proxy_redo.
 * @kernel net/ipv4/arp.c:928 (v5.10)
 */
function parp_redo(skb: sk_buff): void {
	arp_process(dev_net(skb.dev!), null, skb);
}

/**
 * Takes an ARP packet from a device.
 * @returns NET_RX_SUCCESS, NET_RX_DROP, or what the hooks gave
 * @kernel net/ipv4/arp.c:942 (v5.10)
 */
function arp_rcv(skb: sk_buff, dev: net_device): number {
	if (
		(dev.flags & IFF_NOARP) !== 0 ||
		skb.pkt_type === PACKET_OTHERHOST ||
		skb.pkt_type === PACKET_LOOPBACK
	) {
		consume_skb(skb);
		return NET_RX_SUCCESS;
	}
	skb = skb_share_check(skb);
	if (!pskb_may_pull(skb, arp_hdr_len(dev))) {
		kfree_skb(skb);
		return NET_RX_DROP;
	}
	const arp = skb.network_header;
	if (skb.head[arp + ARPHDR_ar_hln] !== dev.addr_len || skb.head[arp + ARPHDR_ar_pln] !== 4) {
		kfree_skb(skb);
		return NET_RX_DROP;
	}
	skb.cb0 = 0;
	return NF_HOOK(NFPROTO_ARP, NF_ARP_IN, dev_net(dev), null, skb, dev, null, arp_process);
}

/**
 * State of a neighbour as /proc/net/arp has it.
 * @kernel net/ipv4/arp.c:1083 (v5.10)
 */
function arp_state_to_flags(neigh: neighbour): number {
	if ((neigh.nud_state & NUD_PERMANENT) !== 0) return ATF_PERM | ATF_COM;
	if ((neigh.nud_state & NUD_VALID) !== 0) return ATF_COM;
	return 0;
}

/**
 * A device got another address, or lost its carrier.
 * @returns NOTIFY_DONE
 * @kernel net/ipv4/arp.c:1245 (v5.10)
 */
function arp_netdev_event(event: number, info: netdev_notifier_info): number {
	const dev = netdev_notifier_info_to_dev(info);
	const tbl = arp_tbl.of(dev.machine);
	switch (event) {
		case NETDEV_CHANGEADDR:
			neigh_changeaddr(tbl, dev);
			rt_cache_flush(dev_net(dev));
			break;
		case NETDEV_CHANGE:
			if (
				info instanceof netdev_notifier_change_info &&
				(info.flags_changed & IFF_NOARP) !== 0
			)
				neigh_changeaddr(tbl, dev);
			if (!netif_carrier_ok(dev)) neigh_carrier_down(tbl, dev);
			break;
		default:
			break;
	}
	return NOTIFY_DONE;
}

/**
 * Forgets the neighbours of a device. Called once the routes over it are flushed.
 * @kernel net/ipv4/arp.c:1278 (v5.10)
 */
export function arp_ifdown(dev: net_device): void {
	const queue = proxy_queue.of(dev.machine);
	for (const request of queue) {
		del_timer(request.timer);
		kfree_skb(request.skb);
	}
	queue.clear();
	neigh_ifdown(arp_tbl.of(dev.machine), dev);
}

/**
 * Starts ARP on a machine.
 * @kernel net/ipv4/arp.c:1295 (v5.10)
 */
export function arp_init(m: Machine): void {
	const tbl = arp_tbl.of(m);
	const stub = ipv4_stub.of(m);
	stub.arp_send = arp_send;
	stub.arp_ifdown = arp_ifdown;
	tbl.constructor_ = arp_constructor;
	neigh_table_init(NEIGH_ARP_TABLE, tbl);
	dev_add_pack(m, new packet_type(ETH_P_ARP, arp_rcv));
	register_pernet_subsys(m, { init: arp_net_init, exit: arp_net_exit });
	register_netdevice_notifier(m, { notifier_call: arp_netdev_event, priority: 0 });
}

/**
 * A line of /proc/net/arp.
 * @kernel net/ipv4/arp.c:1345 (v5.10)
 */
function arp_format_neigh_entry(n: neighbour): string {
	const { dev } = n;
	const ip = ip4_string(n.key32).padEnd(16);
	const hatype = dev.type.toString(16).padEnd(10);
	const flags = arp_state_to_flags(n).toString(16).padEnd(10);
	const ha = (dev.addr_len === 6 ? mac_address_string(n.ha, 0) : '').padEnd(17);
	return `${ip} 0x${hatype}0x${flags}${ha}     *        ${dev.name}\n`;
}

/**
 * The text of /proc/net/arp.
 * @kernel PORT: arp_seq_ops
 */
function arp_seq_show(net: net): string {
	let s = 'IP address       HW type     Flags       HW address            Mask     Device\n';
	neigh_for_each(arp_tbl.of(net.machine), (n) => {
		if (dev_net(n.dev) === net && (n.nud_state & ~NUD_NOARP) !== 0)
			s += arp_format_neigh_entry(n);
	});
	return s;
}

/**
 * A namespace comes: its /proc/net/arp, and with the first one the sysctls of the defaults.
 * @returns 0
 * @kernel net/ipv4/arp.c:1432 (v5.10)
 */
function arp_net_init(net: net): number {
	proc_create_net(net, 'arp', () => arp_seq_show(net));
	if (net === net.machine.init_net) {
		/* PORT: in arp_init() in C, when the first namespace is there already. */
		const { parms } = arp_tbl.of(net.machine);
		parms.net = net;
		neigh_sysctl_register(null, parms, null);
	}
	return 0;
}

/**
 * A namespace goes: its /proc/net/arp.
 * @kernel net/ipv4/arp.c:1440 (v5.10)
 */
function arp_net_exit(net: net): void {
	remove_proc_entry(net, 'arp');
	if (net === net.machine.init_net) neigh_sysctl_unregister(arp_tbl.of(net.machine).parms);
}
