// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drivers/net/vrf.c, base v5.10: a device that stands for a routing table of its own; its ports route
 * by that table, and a socket that is bound to it talks through them.
 *
 * Not ported: the way through a queueing discipline of the device (vrf_ip_out_redirect and its
 * destinations, which packets pass only when there is one): there are none here; rules of multicast
 * routing: there is no such routing; the lookup of a VRF by its table: segment routing alone asks for it.
 */
import type { Machine } from '../../../../../include/linux/machine.ts';
import { is_valid_ether_addr, eth_hw_addr_random } from '../../../../../include/linux/etherdevice.ts';
import type { ethtool_drvinfo, ethtool_ops } from '../../../../../include/linux/ethtool.ts';
import { ipv4_is_lbcast, ipv4_is_multicast } from '../../../../../include/linux/in.ts';
import { IP6CB, IP6SKB_L3SLAVE } from '../../../../../include/linux/ipv6.ts';
import {
	dev_net,
	IFF_L3MDEV_MASTER,
	IFF_L3MDEV_SLAVE,
	IFF_LIVE_ADDR_CHANGE,
	IFF_NO_QUEUE,
	IFF_NO_RX_HANDLER,
	NET_RX_SUCCESS,
	NET_XMIT_CN,
	NET_XMIT_DROP,
	NET_XMIT_SUCCESS,
	NETDEV_TX_OK,
	NETDEV_UNREGISTER,
	netdev_priv,
	type net_device,
	type net_device_ops,
	type netdev_notifier_info,
	netif_is_l3_master,
	netif_is_l3_slave,
	netif_running,
	type rtnl_link_stats64,
} from '../../../../../include/linux/netdevice.ts';
import {
	NETIF_F_FRAGLIST,
	NETIF_F_GSO_SOFTWARE,
	NETIF_F_HIGHDMA,
	NETIF_F_HW_CSUM,
	NETIF_F_LLTX,
	NETIF_F_NETNS_LOCAL,
	NETIF_F_RXCSUM,
	NETIF_F_SG,
	NETIF_F_VLAN_CHALLENGED,
} from '../../../../../include/linux/netdev_features.ts';
import { NOTIFY_DONE } from '../../../../../include/linux/notifier.ts';
import {
	PACKET_HOST,
	PACKET_LOOPBACK,
	type sk_buff,
	skb_headroom,
} from '../../../../../include/linux/skbuff.ts';
import { AF_INET, AF_INET6 } from '../../../../../include/linux/socket.ts';
import { proc_dointvec, register_net_sysctl } from '../../../../../include/linux/sysctl.ts';
import { dst_output, type dst_entry, skb_dst_set } from '../../../../../include/net/dst.ts';
import {
	FLOWI_FLAG_ANYSRC,
	FLOWI_FLAG_SKIP_NH_OIF,
	flowi4,
	flowi6,
} from '../../../../../include/net/flow.ts';
import { IPCB, IPSKB_L3SLAVE, IPSKB_REROUTED } from '../../../../../include/net/ip.ts';
import type { fib6_table } from '../../../../../include/net/ip6_fib.ts';
import {
	RT6_LOOKUP_F_DST_NOREF,
	RT6_LOOKUP_F_HAS_SADDR,
	RT6_LOOKUP_F_IFACE,
	rt6_need_strict,
} from '../../../../../include/net/ip6_route.ts';
import {
	ip6_flowinfo,
	IPV6_ADDR_LINKLOCAL,
	ipv6_addr_any,
	ipv6_addr_type,
} from '../../../../../include/net/ipv6.ts';
import { NEXTHDR_ICMP } from '../../../../../include/net/ipv6.ts';
import type { l3mdev_ops } from '../../../../../include/net/l3mdev.ts';
import { NDISC_REDIRECT, NDISC_ROUTER_SOLICITATION } from '../../../../../include/net/ndisc.ts';
import {
	LOOPBACK_IFINDEX,
	type net,
	pernet_var,
} from '../../../../../include/net/net_namespace.ts';
import {
	NL_SET_ERR_MSG,
	nla_get_u32,
	nla_put_u32,
	nla_put_u8,
	type netlink_ext_ack,
	NLM_F_EXCL,
	type nlattrs,
} from '../../../../../include/net/netlink.ts';
import { RT_TOS } from '../../../../../include/net/route.ts';
import type { rtnl_link_ops } from '../../../../../include/net/rtnetlink.ts';
import {
	EADDRNOTAVAIL,
	EBUSY,
	EEXIST,
	EINVAL,
	ENOENT,
	EOPNOTSUPP,
} from '../../../../../include/uapi/linux/errno.ts';
import {
	FR_ACT_TO_TBL,
	FRA_L3MDEV,
	FRA_PRIORITY,
	FRA_PROTOCOL,
} from '../../../../../include/uapi/linux/fib_rules.ts';
import { IF_OPER_UP, IFF_MASTER, IFF_NOARP, IFF_UP } from '../../../../../include/uapi/linux/if.ts';
import {
	ETH_ALEN,
	ETH_HLEN,
	ETH_MAX_MTU,
	ETH_P_IP,
	ETH_P_IPV6,
} from '../../../../../include/uapi/linux/if_ether.ts';
import {
	IFLA_ADDRESS,
	IFLA_VRF_PORT_TABLE,
	IFLA_VRF_TABLE,
} from '../../../../../include/uapi/linux/if_link.ts';
import {
	IPHDR_daddr,
	IPHDR_LEN,
	IPHDR_protocol,
	IPHDR_saddr,
	IPHDR_tos,
} from '../../../../../include/uapi/linux/ip.ts';
import {
	IPV6_MIN_MTU,
	IPV6HDR_daddr,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_saddr,
} from '../../../../../include/uapi/linux/ipv6.ts';
import {
	NF_INET_LOCAL_OUT,
	NF_INET_POST_ROUTING,
	NF_INET_PRE_ROUTING,
	NFPROTO_IPV4,
	NFPROTO_IPV6,
} from '../../../../../include/uapi/linux/netfilter.ts';
import {
	fib_rule_hdr_msg,
	RT_SCOPE_LINK,
	RT_TABLE_UNSPEC,
	RTM_DELRULE,
	RTM_NEWRULE,
	RTPROT_KERNEL,
} from '../../../../../include/uapi/linux/rtnetlink.ts';
import {
	get_unaligned_be32,
	put_unaligned_be32,
} from '../../../../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../../../../include/linux/err.ts';
import {
	dev_change_flags,
	dev_queue_xmit_nit,
	netdev_master_upper_dev_get,
	netdev_master_upper_dev_link,
	netdev_upper_dev_unlink,
	netif_rx,
	register_netdevice,
	register_netdevice_notifier,
	unregister_netdevice,
	unregister_netdevice_queue,
} from '../../../../../net/core/dev.ts';
import { fib_nl_delrule, fib_nl_newrule } from '../../../../../net/core/fib_rules.ts';
import { register_pernet_subsys } from '../../../../../net/core/net_namespace.ts';
import { rtnl_link_register } from '../../../../../net/core/rtnetlink.ts';
import {
	__skb_pull,
	kfree_skb,
	nf_reset_ct,
	pskb_may_pull,
	skb_dst_drop,
	skb_header_pointer_off,
	skb_orphan,
	skb_pull,
	skb_push,
} from '../../../../../net/core/skbuff.ts';
import { eth_mac_addr, eth_type_trans, ether_setup } from '../../../../../net/ethernet/eth.ts';
import { inet_select_addr } from '../../../../../net/ipv4/devinet.ts';
import { fib_new_table } from '../../../../../net/ipv4/fib_frontend.ts';
import { ip_route_output_flow } from '../../../../../net/ipv4/route.ts';
import { net_xmit_eval } from '../../../../../net/ipv4/tcp_ipv4.ts';
import { fib6_new_table } from '../../../../../net/ipv6/ip6_fib.ts';
import { ip6_dst_lookup_flow } from '../../../../../net/ipv6/ip6_output.ts';
import { ip6_pol_route } from '../../../../../net/ipv6/route.ts';
import { nf_hook } from '../../../../../net/netfilter/core.ts';

const FIB_RULE_PREF = 1000;

/** What is known of the VRFs of one table. */
class vrf_map_elem {
	/** Newest first. */
	readonly vrf_list: net_vrf[] = [];
	users = 0;
}

/** VRFs of a namespace by their tables. */
class netns_vrf {
	/** The rules that send VRFs to their tables are still to be made. */
	add_fib_rules = true;
	readonly ht = new Map<number, vrf_map_elem>();
	/** Tables that more than one VRF uses. */
	shared_tables = 0;
	strict_mode = false;
}

const vrf_net_id = pernet_var(() => new netns_vrf());

/** Private part of a VRF device. */
class net_vrf {
	fib6_table: fib6_table | null = null;
	tb_id = 0;
	ifindex = 0;
	tx_pkts = 0;
	tx_bytes = 0;
	tx_drps = 0;
	rx_pkts = 0;
	rx_bytes = 0;
}

/**
 * Counts what came in through a port.
 * @kernel PORT: drivers/net/vrf.c, vrf_rx_stats
 */
function vrf_rx_stats(dev: net_device, len: number): void {
	const vrf = netdev_priv<net_vrf>(dev);
	vrf.rx_pkts++;
	vrf.rx_bytes += len;
}

/**
 * Drops what could not be sent.
 * @kernel PORT: drivers/net/vrf.c, vrf_tx_error
 */
function vrf_tx_error(vrf_dev: net_device, skb: sk_buff): void {
	vrf_dev.stats.tx_errors++;
	kfree_skb(skb);
}

/**
 * Adds up the counters.
 * @kernel PORT: drivers/net/vrf.c, vrf_get_stats64
 */
function vrf_get_stats64(dev: net_device, stats: rtnl_link_stats64): void {
	const vrf = netdev_priv<net_vrf>(dev);
	stats.tx_bytes += vrf.tx_bytes;
	stats.tx_packets += vrf.tx_pkts;
	stats.tx_dropped += vrf.tx_drps;
	stats.rx_bytes += vrf.rx_bytes;
	stats.rx_packets += vrf.rx_pkts;
	stats.tx_errors += dev.stats.tx_errors;
}

/**
 * Notes which table a VRF uses.
 * @returns 0, or -EBUSY when another has it and tables may not be shared
 * @kernel PORT: drivers/net/vrf.c, vrf_map_register_dev
 */
function vrf_map_register_dev(dev: net_device, extack: netlink_ext_ack | null): number {
	const vmap = vrf_net_id.of(dev_net(dev));
	const vrf = netdev_priv<net_vrf>(dev);
	let me = vmap.ht.get(vrf.tb_id);
	if (me === undefined) {
		me = new vrf_map_elem();
		vmap.ht.set(vrf.tb_id, me);
	} else if (vmap.strict_mode) {
		NL_SET_ERR_MSG(extack, 'Table is used by another VRF');
		return -EBUSY;
	}
	if (++me.users === 2) vmap.shared_tables++;
	me.vrf_list.unshift(vrf);
	return 0;
}

/**
 * Undoes vrf_map_register_dev().
 * @kernel PORT: drivers/net/vrf.c, vrf_map_unregister_dev
 */
function vrf_map_unregister_dev(dev: net_device): void {
	const vmap = vrf_net_id.of(dev_net(dev));
	const vrf = netdev_priv<net_vrf>(dev);
	const me = vmap.ht.get(vrf.tb_id);
	if (me === undefined) return;
	const i = me.vrf_list.indexOf(vrf);
	if (i >= 0) me.vrf_list.splice(i, 1);
	const users = --me.users;
	if (users === 1) vmap.shared_tables--;
	else if (users === 0) vmap.ht.delete(vrf.tb_id);
}

/**
 * Turns a packet to an address of the VRF itself round, as the loopback device does.
 * @kernel PORT: drivers/net/vrf.c, vrf_local_xmit
 */
function vrf_local_xmit(skb: sk_buff, dev: net_device, dst: dst_entry): number {
	const len = skb.len;
	skb_orphan(skb);
	skb_dst_set(skb, dst);
	/* the taps have seen it on its way out */
	skb.pkt_type = PACKET_LOOPBACK;
	skb.protocol = eth_type_trans(skb, dev);
	if (netif_rx(skb) === NET_RX_SUCCESS) vrf_rx_stats(dev, len);
	return NETDEV_TX_OK;
}

/**
 * Sends a packet that has a real destination now, through the output hooks.
 * @kernel PORT: drivers/net/vrf.c, vrf_ip6_local_out
 */
function vrf_ip6_local_out(net: net, sk: Parameters<typeof dst_output>[1], skb: sk_buff): number {
	let err = nf_hook(
		NFPROTO_IPV6,
		NF_INET_LOCAL_OUT,
		net,
		sk,
		skb,
		null,
		skb._dst!.dev,
		dst_output,
	);
	if (err === 1) err = dst_output(net, sk, skb);
	return err;
}

/**
 * Routes an IPv6 packet that was sent to the VRF device, by its table.
 * @returns NET_XMIT_*
 * @kernel PORT: drivers/net/vrf.c, vrf_process_v6_outbound
 */
function vrf_process_v6_outbound(skb: sk_buff, dev: net_device): number {
	const net = dev_net(skb.dev!);
	err: {
		if (!pskb_may_pull(skb, ETH_HLEN + IPV6HDR_LEN)) break err;
		const { head, network_header: iph } = skb;
		const fl6 = new flowi6();
		fl6.flowi6_oif = dev.ifindex;
		fl6.flowi6_iif = LOOPBACK_IFINDEX;
		fl6.daddr.set(head.subarray(iph + IPV6HDR_daddr, iph + IPV6HDR_daddr + 16));
		fl6.saddr.set(head.subarray(iph + IPV6HDR_saddr, iph + IPV6HDR_saddr + 16));
		fl6.flowlabel = ip6_flowinfo(head, iph);
		fl6.flowi6_mark = skb.mark;
		fl6.flowi6_proto = head[iph + IPV6HDR_nexthdr];
		fl6.flowi6_flags = FLOWI_FLAG_SKIP_NH_OIF;
		const dst = ip6_dst_lookup_flow(net, null, fl6, null);
		if (IS_ERR(dst) || dst === net.ipv6.ip6_null_entry) break err;
		skb_dst_drop(skb);
		if (dst.dev === dev) return vrf_local_xmit(skb, dev, dst);
		skb_dst_set(skb, dst);
		/* without the Ethernet header of its way through this device */
		__skb_pull(skb, skb.network_header - skb.data);
		const ret = vrf_ip6_local_out(net, skb.sk, skb);
		if (net_xmit_eval(ret) !== 0) {
			dev.stats.tx_errors++;
			return ret;
		}
		return NET_XMIT_SUCCESS;
	}
	vrf_tx_error(dev, skb);
	return NET_XMIT_DROP;
}

/**
 * Sends a packet that has a real destination now, through the output hooks.
 * @kernel PORT: drivers/net/vrf.c, vrf_ip_local_out
 */
function vrf_ip_local_out(net: net, sk: Parameters<typeof dst_output>[1], skb: sk_buff): number {
	let err = nf_hook(
		NFPROTO_IPV4,
		NF_INET_LOCAL_OUT,
		net,
		sk,
		skb,
		null,
		skb._dst!.dev,
		dst_output,
	);
	if (err === 1) err = dst_output(net, sk, skb);
	return err;
}

/**
 * Routes an IPv4 packet that was sent to the VRF device, by its table.
 * @returns NET_XMIT_*
 * @kernel PORT: drivers/net/vrf.c, vrf_process_v4_outbound
 */
function vrf_process_v4_outbound(skb: sk_buff, vrf_dev: net_device): number {
	const net = dev_net(vrf_dev);
	err: {
		if (!pskb_may_pull(skb, ETH_HLEN + IPHDR_LEN)) break err;
		const { head, network_header: iph } = skb;
		const fl4 = new flowi4();
		fl4.flowi4_oif = vrf_dev.ifindex;
		fl4.flowi4_iif = LOOPBACK_IFINDEX;
		fl4.flowi4_tos = RT_TOS(head[iph + IPHDR_tos]);
		fl4.flowi4_flags = FLOWI_FLAG_ANYSRC | FLOWI_FLAG_SKIP_NH_OIF;
		fl4.flowi4_proto = head[iph + IPHDR_protocol];
		fl4.daddr = get_unaligned_be32(head, iph + IPHDR_daddr);
		fl4.saddr = get_unaligned_be32(head, iph + IPHDR_saddr);
		const rt = ip_route_output_flow(net, fl4, null);
		if (IS_ERR(rt)) break err;
		skb_dst_drop(skb);
		if (rt.dev === vrf_dev) return vrf_local_xmit(skb, vrf_dev, rt);
		skb_dst_set(skb, rt);
		/* without the Ethernet header of its way through this device */
		__skb_pull(skb, skb.network_header - skb.data);
		if (get_unaligned_be32(skb.head, skb.network_header + IPHDR_saddr) === 0)
			put_unaligned_be32(
				inet_select_addr(rt.dev!, 0 as typeof fl4.daddr, RT_SCOPE_LINK),
				skb.head,
				skb.network_header + IPHDR_saddr,
			);
		const ret = vrf_ip_local_out(dev_net(rt.dev!), skb.sk, skb);
		if (net_xmit_eval(ret) !== 0) {
			vrf_dev.stats.tx_errors++;
			return ret;
		}
		return NET_XMIT_SUCCESS;
	}
	vrf_tx_error(vrf_dev, skb);
	return NET_XMIT_DROP;
}

/**
 * Sends IP packets on, drops others.
 * @kernel PORT: drivers/net/vrf.c, is_ip_tx_frame
 */
function is_ip_tx_frame(skb: sk_buff, dev: net_device): number {
	switch (skb.protocol) {
		case ETH_P_IP:
			return vrf_process_v4_outbound(skb, dev);
		case ETH_P_IPV6:
			return vrf_process_v6_outbound(skb, dev);
		default:
			vrf_tx_error(dev, skb);
			return NET_XMIT_DROP;
	}
}

/**
 * Takes a packet that was routed to the VRF device.
 * @returns NET_XMIT_*
 * @kernel PORT: drivers/net/vrf.c, vrf_xmit
 */
function vrf_xmit(skb: sk_buff, dev: net_device): number {
	const { len } = skb;
	const ret = is_ip_tx_frame(skb, dev);
	const vrf = netdev_priv<net_vrf>(dev);
	if (ret === NET_XMIT_SUCCESS || ret === NET_XMIT_CN) {
		vrf.tx_pkts++;
		vrf.tx_bytes += len;
	} else vrf.tx_drps++;
	return ret;
}

/**
 * Shows a packet to the taps of the VRF device and forgets its connection: it meets the hooks again.
 * @kernel PORT: drivers/net/vrf.c, vrf_finish_direct
 */
function vrf_finish_direct(skb: sk_buff): void {
	const vrf_dev = skb.dev!;
	if (vrf_dev.ptype_all.length > 0 && skb_headroom(skb) >= ETH_HLEN) {
		const eth = skb_push(skb, ETH_HLEN);
		skb.head.fill(0, eth, eth + ETH_ALEN);
		skb.head.set(vrf_dev.dev_addr.subarray(0, ETH_ALEN), eth + ETH_ALEN);
		skb.head[eth + 12] = skb.protocol >>> 8;
		skb.head[eth + 13] = skb.protocol & 0xff;
		dev_queue_xmit_nit(skb, vrf_dev);
		skb_pull(skb, ETH_HLEN);
	}
	nf_reset_ct(skb);
}

/**
 * Goes on with an IPv6 packet that a hook after routing had kept.
 * @kernel PORT: drivers/net/vrf.c, vrf_output6_direct_finish
 */
function vrf_output6_direct_finish(
	net: net,
	sk: Parameters<typeof dst_output>[1],
	skb: sk_buff,
): number {
	vrf_finish_direct(skb);
	return vrf_ip6_local_out(net, sk, skb);
}

/**
 * The hooks after routing, as of the VRF device.
 * @returns 1 when the packet may go on
 * @kernel PORT: drivers/net/vrf.c, vrf_output6_direct
 */
function vrf_output6_direct(
	net: net,
	sk: Parameters<typeof dst_output>[1],
	skb: sk_buff,
): number {
	let err = 1;
	skb.protocol = ETH_P_IPV6;
	if ((IPCB(skb).flags & IPSKB_REROUTED) === 0)
		err = nf_hook(
			NFPROTO_IPV6,
			NF_INET_POST_ROUTING,
			net,
			sk,
			skb,
			null,
			skb.dev,
			vrf_output6_direct_finish,
		);
	if (err === 1) vrf_finish_direct(skb);
	return err;
}

/**
 * Goes on with an IPv6 packet that an output hook had kept.
 * @kernel PORT: drivers/net/vrf.c, vrf_ip6_out_direct_finish
 */
function vrf_ip6_out_direct_finish(
	net: net,
	sk: Parameters<typeof dst_output>[1],
	skb: sk_buff,
): number {
	let err = vrf_output6_direct(net, sk, skb);
	if (err === 1) err = vrf_ip6_local_out(net, sk, skb);
	return err;
}

/**
 * Shows a packet to the hooks as if it left by the VRF device.
 * @returns the packet, or null when it was taken
 * @kernel PORT: drivers/net/vrf.c, vrf_ip6_out_direct
 */
function vrf_ip6_out_direct(
	vrf_dev: net_device,
	sk: Parameters<typeof dst_output>[1],
	skb: sk_buff,
): sk_buff | null {
	const net = dev_net(vrf_dev);
	skb.dev = vrf_dev;
	let err = nf_hook(
		NFPROTO_IPV6,
		NF_INET_LOCAL_OUT,
		net,
		sk,
		skb,
		null,
		vrf_dev,
		vrf_ip6_out_direct_finish,
	);
	if (err === 1) err = vrf_output6_direct(net, sk, skb);
	return err === 1 ? skb : null;
}

/**
 * An IPv6 packet of this host is about to leave by a port.
 * @returns the packet, or null when it was taken
 * @kernel PORT: drivers/net/vrf.c, vrf_ip6_out
 */
function vrf_ip6_out(
	vrf_dev: net_device,
	sk: Parameters<typeof dst_output>[1],
	skb: sk_buff,
): sk_buff | null {
	if (rt6_need_strict(skb.head, skb.network_header + IPV6HDR_daddr)) return skb;
	return vrf_ip6_out_direct(vrf_dev, sk, skb);
}

/**
 * Goes on with a packet that a hook after routing had kept.
 * @kernel PORT: drivers/net/vrf.c, vrf_output_direct_finish
 */
function vrf_output_direct_finish(
	net: net,
	sk: Parameters<typeof dst_output>[1],
	skb: sk_buff,
): number {
	vrf_finish_direct(skb);
	return vrf_ip_local_out(net, sk, skb);
}

/**
 * The hooks after routing, as of the VRF device.
 * @returns 1 when the packet may go on
 * @kernel PORT: drivers/net/vrf.c, vrf_output_direct
 */
function vrf_output_direct(
	net: net,
	sk: Parameters<typeof dst_output>[1],
	skb: sk_buff,
): number {
	let err = 1;
	skb.protocol = ETH_P_IP;
	if ((IPCB(skb).flags & IPSKB_REROUTED) === 0)
		err = nf_hook(
			NFPROTO_IPV4,
			NF_INET_POST_ROUTING,
			net,
			sk,
			skb,
			null,
			skb.dev,
			vrf_output_direct_finish,
		);
	if (err === 1) vrf_finish_direct(skb);
	return err;
}

/**
 * Goes on with a packet that an output hook had kept.
 * @kernel PORT: drivers/net/vrf.c, vrf_ip_out_direct_finish
 */
function vrf_ip_out_direct_finish(
	net: net,
	sk: Parameters<typeof dst_output>[1],
	skb: sk_buff,
): number {
	let err = vrf_output_direct(net, sk, skb);
	if (err === 1) err = vrf_ip_local_out(net, sk, skb);
	return err;
}

/**
 * Shows a packet to the hooks as if it left by the VRF device.
 * @returns the packet, or null when it was taken
 * @kernel PORT: drivers/net/vrf.c, vrf_ip_out_direct
 */
function vrf_ip_out_direct(
	vrf_dev: net_device,
	sk: Parameters<typeof dst_output>[1],
	skb: sk_buff,
): sk_buff | null {
	const net = dev_net(vrf_dev);
	skb.dev = vrf_dev;
	let err = nf_hook(
		NFPROTO_IPV4,
		NF_INET_LOCAL_OUT,
		net,
		sk,
		skb,
		null,
		vrf_dev,
		vrf_ip_out_direct_finish,
	);
	if (err === 1) err = vrf_output_direct(net, sk, skb);
	return err === 1 ? skb : null;
}

/**
 * A packet of this host is about to leave by a port.
 * @returns the packet, or null when it was taken
 * @kernel PORT: drivers/net/vrf.c, vrf_ip_out
 */
function vrf_ip_out(
	vrf_dev: net_device,
	sk: Parameters<typeof dst_output>[1],
	skb: sk_buff,
): sk_buff | null {
	const daddr = get_unaligned_be32(skb.head, skb.network_header + IPHDR_daddr);
	if (ipv4_is_multicast(daddr) || ipv4_is_lbcast(daddr)) return skb;
	return vrf_ip_out_direct(vrf_dev, sk, skb);
}

/**
 * A packet of this host is about to leave by a port.
 * @returns the packet, or null when it was taken
 * @kernel PORT: drivers/net/vrf.c, vrf_l3_out
 */
function vrf_l3_out(
	vrf_dev: net_device,
	sk: Parameters<typeof dst_output>[1],
	skb: sk_buff,
	proto: number,
): sk_buff | null {
	switch (proto) {
		case AF_INET:
			return vrf_ip_out(vrf_dev, sk, skb);
		case AF_INET6:
			return vrf_ip6_out(vrf_dev, sk, skb);
		default:
			return skb;
	}
}

/**
 * Takes a port down and up again: its routes move to the other table.
 * @kernel PORT: drivers/net/vrf.c, cycle_netdev
 */
function cycle_netdev(dev: net_device, extack: netlink_ext_ack | null): void {
	const { flags } = dev;
	if (!netif_running(dev)) return;
	let ret = dev_change_flags(dev, flags & ~IFF_UP, extack);
	if (ret >= 0) ret = dev_change_flags(dev, flags, extack);
	if (ret < 0)
		dev.machine.printk(
			`${dev.name}: Failed to cycle device ${dev.name}; route tables might be wrong!`,
		);
}

/**
 * Makes a device a port.
 * @returns 0, -EOPNOTSUPP for the loopback device, or a negative errno
 * @kernel PORT: drivers/net/vrf.c, do_vrf_add_slave
 */
function do_vrf_add_slave(
	dev: net_device,
	port_dev: net_device,
	extack: netlink_ext_ack | null,
): number {
	if (port_dev === dev_net(dev).loopback_dev) {
		NL_SET_ERR_MSG(extack, 'Can not enslave loopback device to a VRF');
		return -EOPNOTSUPP;
	}
	port_dev.priv_flags |= IFF_L3MDEV_SLAVE;
	const ret = netdev_master_upper_dev_link(port_dev, dev, null, null, extack);
	if (ret < 0) {
		port_dev.priv_flags &= ~IFF_L3MDEV_SLAVE;
		return ret;
	}
	cycle_netdev(port_dev, extack);
	return 0;
}

/**
 * Makes a device a port, unless it is a VRF or one's port.
 * @returns 0, -EINVAL, or a negative errno
 * @kernel PORT: drivers/net/vrf.c, vrf_add_slave
 */
function vrf_add_slave(
	dev: net_device,
	port_dev: net_device,
	extack: netlink_ext_ack | null,
): number {
	if (netif_is_l3_master(port_dev)) {
		NL_SET_ERR_MSG(extack, 'Can not enslave an L3 master device to a VRF');
		return -EINVAL;
	}
	if (netif_is_l3_slave(port_dev)) return -EINVAL;
	return do_vrf_add_slave(dev, port_dev, extack);
}

/**
 * Takes a port out.
 * @returns 0
 * @kernel PORT: drivers/net/vrf.c, vrf_del_slave
 */
function vrf_del_slave(dev: net_device, port_dev: net_device): number {
	netdev_upper_dev_unlink(port_dev, dev);
	port_dev.priv_flags &= ~IFF_L3MDEV_SLAVE;
	cycle_netdev(port_dev, null);
	return 0;
}

/**
 * Makes the tables and says what the device is.
 * @returns 0
 * @kernel PORT: drivers/net/vrf.c, vrf_dev_init
 */
function vrf_dev_init(dev: net_device): number {
	const vrf = netdev_priv<net_vrf>(dev);
	const net = dev_net(dev);
	fib_new_table(net, vrf.tb_id);
	vrf.fib6_table = fib6_new_table(net, vrf.tb_id);
	dev.flags = IFF_MASTER | IFF_NOARP;
	dev.mtu = 64 * 1024;
	dev.operstate = IF_OPER_UP;
	return 0;
}

const vrf_netdev_ops: net_device_ops = {
	ndo_init: vrf_dev_init,
	ndo_start_xmit: vrf_xmit,
	ndo_set_mac_address: eth_mac_addr,
	ndo_get_stats64: vrf_get_stats64,
	ndo_add_slave: vrf_add_slave,
	ndo_del_slave: vrf_del_slave,
};

/**
 * Number of the routing table.
 * @kernel PORT: drivers/net/vrf.c, vrf_fib_table
 */
function vrf_fib_table(dev: net_device): number {
	return netdev_priv<net_vrf>(dev).tb_id;
}

/**
 * Ends a packet that a hook before routing had kept.
 * @returns 0
 * @kernel PORT: drivers/net/vrf.c, vrf_rcv_finish
 */
function vrf_rcv_finish(
	_net: net,
	_sk: Parameters<typeof dst_output>[1],
	skb: sk_buff,
): number {
	kfree_skb(skb);
	return 0;
}

/**
 * Shows a packet to the hooks before routing, as if it came in by the VRF device.
 * @returns the packet, or null when it was taken
 * @kernel PORT: drivers/net/vrf.c, vrf_rcv_nfhook
 */
function vrf_rcv_nfhook(pf: number, hook: number, skb: sk_buff, dev: net_device): sk_buff | null {
	return nf_hook(pf, hook, dev_net(dev), null, skb, dev, null, vrf_rcv_finish) === 1 ? skb : null;
}

/**
 * Is a packet one of neighbour discovery, which is the port's own business?
 * @kernel PORT: drivers/net/vrf.c, ipv6_ndisc_frame
 */
function ipv6_ndisc_frame(skb: sk_buff): boolean {
	if (skb.head[skb.network_header + IPV6HDR_nexthdr] !== NEXTHDR_ICMP) return false;
	const icmph = skb_header_pointer_off(skb, IPV6HDR_LEN, 8);
	if (icmph < 0) return false;
	const type = skb.head[icmph];
	return type >= NDISC_ROUTER_SOLICITATION && type <= NDISC_REDIRECT;
}

/**
 * Looks a flow up in the table of the VRF, whatever the rules say.
 * @kernel PORT: drivers/net/vrf.c, vrf_ip6_route_lookup
 */
function vrf_ip6_route_lookup(
	net: net,
	dev: net_device,
	fl6: flowi6,
	ifindex: number,
	skb: sk_buff | null,
	flags: number,
): ReturnType<typeof ip6_pol_route> {
	return ip6_pol_route(net, netdev_priv<net_vrf>(dev).fib6_table!, ifindex, fl6, skb, flags);
}

/**
 * Routes a received packet to an address that counts on one link only.
 * @param ifindex port it came in by
 * @kernel PORT: drivers/net/vrf.c, vrf_ip6_input_dst
 */
function vrf_ip6_input_dst(skb: sk_buff, vrf_dev: net_device, ifindex: number): void {
	const { head, network_header: iph } = skb;
	const net = dev_net(vrf_dev);
	const fl6 = new flowi6();
	fl6.flowi6_iif = ifindex;
	fl6.flowi6_mark = skb.mark;
	fl6.flowi6_proto = head[iph + IPV6HDR_nexthdr];
	fl6.daddr.set(head.subarray(iph + IPV6HDR_daddr, iph + IPV6HDR_daddr + 16));
	fl6.saddr.set(head.subarray(iph + IPV6HDR_saddr, iph + IPV6HDR_saddr + 16));
	fl6.flowlabel = ip6_flowinfo(head, iph);
	const rt6 = vrf_ip6_route_lookup(
		net,
		vrf_dev,
		fl6,
		ifindex,
		skb,
		RT6_LOOKUP_F_HAS_SADDR | RT6_LOOKUP_F_IFACE,
	);
	if (rt6 === net.ipv6.ip6_null_entry) return;
	skb_dst_set(skb, rt6);
}

/**
 * Shows a received packet to the taps of the VRF device.
 * @kernel PORT: drivers/net/vrf.c, in vrf_ip_rcv and vrf_ip6_rcv
 */
function vrf_rcv_taps(skb: sk_buff, vrf_dev: net_device): void {
	if (vrf_dev.ptype_all.length === 0) return;
	const mac_len = skb.network_header - skb.mac_header;
	skb_push(skb, mac_len);
	dev_queue_xmit_nit(skb, vrf_dev);
	skb_pull(skb, mac_len);
}

/**
 * An IPv6 packet came in through a port.
 * @returns the packet, or null when it was taken
 * @kernel PORT: drivers/net/vrf.c, vrf_ip6_rcv
 */
function vrf_ip6_rcv(vrf_dev: net_device, skb: sk_buff): sk_buff | null {
	const orig_iif = skb.skb_iif;
	const need_strict = rt6_need_strict(skb.head, skb.network_header + IPV6HDR_daddr);
	const is_ndisc = ipv6_ndisc_frame(skb);
	const is_ll_src =
		(ipv6_addr_type(skb.head, skb.network_header + IPV6HDR_saddr) & IPV6_ADDR_LINKLOCAL) !== 0;
	if (skb.pkt_type === PACKET_LOOPBACK || (need_strict && !is_ndisc && !is_ll_src)) {
		skb.dev = vrf_dev;
		skb.skb_iif = vrf_dev.ifindex;
		IP6CB(skb).flags |= IP6SKB_L3SLAVE;
		if (skb.pkt_type === PACKET_LOOPBACK) skb.pkt_type = PACKET_HOST;
		return skb;
	}
	if (!is_ndisc) {
		vrf_rx_stats(vrf_dev, skb.len);
		skb.dev = vrf_dev;
		skb.skb_iif = vrf_dev.ifindex;
		vrf_rcv_taps(skb, vrf_dev);
		IP6CB(skb).flags |= IP6SKB_L3SLAVE;
	}
	if (need_strict) vrf_ip6_input_dst(skb, vrf_dev, orig_iif);
	return vrf_rcv_nfhook(NFPROTO_IPV6, NF_INET_PRE_ROUTING, skb, vrf_dev);
}

/**
 * A packet came in through a port.
 * @returns the packet, or null when it was taken
 * @kernel PORT: drivers/net/vrf.c, vrf_ip_rcv
 */
function vrf_ip_rcv(vrf_dev: net_device, skb: sk_buff): sk_buff | null {
	skb.dev = vrf_dev;
	skb.skb_iif = vrf_dev.ifindex;
	IPCB(skb).flags |= IPSKB_L3SLAVE;
	if (ipv4_is_multicast(get_unaligned_be32(skb.head, skb.network_header + IPHDR_daddr)))
		return skb;
	if (skb.pkt_type === PACKET_LOOPBACK) {
		skb.pkt_type = PACKET_HOST;
		return skb;
	}
	vrf_rx_stats(vrf_dev, skb.len);
	vrf_rcv_taps(skb, vrf_dev);
	return vrf_rcv_nfhook(NFPROTO_IPV4, NF_INET_PRE_ROUTING, skb, vrf_dev);
}

/**
 * A packet came in through a port.
 * @returns the packet, or null when it was taken
 * @kernel PORT: drivers/net/vrf.c, vrf_l3_rcv
 */
function vrf_l3_rcv(vrf_dev: net_device, skb: sk_buff, proto: number): sk_buff | null {
	switch (proto) {
		case AF_INET:
			return vrf_ip_rcv(vrf_dev, skb);
		case AF_INET6:
			return vrf_ip6_rcv(vrf_dev, skb);
		default:
			return skb;
	}
}

/**
 * Route to an address that counts on one link, by a port; by the VRF device itself there is none.
 * @returns the destination, not referenced
 * @kernel PORT: drivers/net/vrf.c, vrf_link_scope_lookup
 */
function vrf_link_scope_lookup(dev: net_device, fl6: flowi6): dst_entry | null {
	const net = dev_net(dev);
	let flags = RT6_LOOKUP_F_IFACE | RT6_LOOKUP_F_DST_NOREF;
	if (fl6.flowi6_oif === dev.ifindex) return net.ipv6.ip6_null_entry;
	if (!ipv6_addr_any(fl6.saddr)) flags |= RT6_LOOKUP_F_HAS_SADDR;
	return vrf_ip6_route_lookup(net, dev, fl6, fl6.flowi6_oif, null, flags);
}

const vrf_l3mdev_ops: l3mdev_ops = {
	l3mdev_fib_table: vrf_fib_table,
	l3mdev_l3_rcv: vrf_l3_rcv,
	l3mdev_l3_out: vrf_l3_out,
	l3mdev_link_scope_lookup: vrf_link_scope_lookup,
};

/**
 * Describes the driver.
 * @kernel PORT: drivers/net/vrf.c, vrf_get_drvinfo
 */
function vrf_get_drvinfo(_dev: net_device, info: ethtool_drvinfo): void {
	info.driver = 'vrf';
	info.version = '1.1';
}

const vrf_ethtool_ops: ethtool_ops = {
	get_drvinfo: vrf_get_drvinfo,
};

/**
 * Adds or deletes the rule by which VRFs find their tables.
 * @returns 0 or a negative errno
 * @kernel PORT: drivers/net/vrf.c, vrf_fib_rule
 */
function vrf_fib_rule(dev: net_device, family: number, add_it: boolean): number {
	const frh = new fib_rule_hdr_msg(add_it ? RTM_NEWRULE : RTM_DELRULE, NLM_F_EXCL);
	frh.family = family;
	frh.action = FR_ACT_TO_TBL;
	nla_put_u8(frh.tb, FRA_PROTOCOL, RTPROT_KERNEL);
	nla_put_u8(frh.tb, FRA_L3MDEV, 1);
	nla_put_u32(frh.tb, FRA_PRIORITY, FIB_RULE_PREF);
	if (add_it) {
		const err = fib_nl_newrule(dev_net(dev), frh, null);
		return err === -EEXIST ? 0 : err;
	}
	const err = fib_nl_delrule(dev_net(dev), frh, null);
	return err === -ENOENT ? 0 : err;
}

/**
 * Adds the rules of both families.
 * @returns 0 or a negative errno
 * @kernel PORT: drivers/net/vrf.c, vrf_add_fib_rules
 */
function vrf_add_fib_rules(dev: net_device): number {
	let err = vrf_fib_rule(dev, AF_INET, true);
	if (err >= 0) {
		err = vrf_fib_rule(dev, AF_INET6, true);
		if (err >= 0) return 0;
		vrf_fib_rule(dev, AF_INET, false);
	}
	dev.machine.printk(`${dev.name}: Failed to add FIB rules.`);
	return err;
}

/**
 * Fills what a VRF device is.
 * @kernel PORT: drivers/net/vrf.c, vrf_setup
 */
function vrf_setup(dev: net_device): void {
	ether_setup(dev);
	dev.netdev_ops = vrf_netdev_ops;
	dev.l3mdev_ops = vrf_l3mdev_ops;
	dev.ethtool_ops = vrf_ethtool_ops;
	eth_hw_addr_random(dev);
	dev.features |=
		NETIF_F_LLTX |
		NETIF_F_NETNS_LOCAL |
		NETIF_F_VLAN_CHALLENGED |
		NETIF_F_GSO_SOFTWARE |
		NETIF_F_RXCSUM |
		NETIF_F_HW_CSUM |
		NETIF_F_SG |
		NETIF_F_FRAGLIST |
		NETIF_F_HIGHDMA;
	dev.hw_features = dev.features;
	dev.hw_enc_features = dev.features;
	dev.priv_flags |= IFF_NO_QUEUE | IFF_NO_RX_HANDLER | IFF_LIVE_ADDR_CHANGE;
	dev.min_mtu = IPV6_MIN_MTU;
	dev.max_mtu = ETH_MAX_MTU;
}

/**
 * Checks a given hardware address.
 * @returns 0, -EINVAL, or -EADDRNOTAVAIL
 * @kernel PORT: drivers/net/vrf.c, vrf_validate
 */
function vrf_validate(
	tb: nlattrs,
	_data: nlattrs | null,
	extack: netlink_ext_ack | null,
): number {
	const addr = tb.get(IFLA_ADDRESS);
	if (!(addr instanceof Uint8Array)) return 0;
	if (addr.length !== ETH_ALEN) {
		NL_SET_ERR_MSG(extack, 'Invalid hardware address');
		return -EINVAL;
	}
	if (!is_valid_ether_addr(addr)) {
		NL_SET_ERR_MSG(extack, 'Invalid hardware address');
		return -EADDRNOTAVAIL;
	}
	return 0;
}

/**
 * Ends a VRF; its ports stay.
 * @kernel PORT: drivers/net/vrf.c, vrf_dellink
 */
function vrf_dellink(dev: net_device, head: net_device[]): void {
	for (const lower of dev.adj_lower.slice()) vrf_del_slave(dev, lower.dev);
	vrf_map_unregister_dev(dev);
	unregister_netdevice_queue(dev, head);
}

/**
 * Makes a VRF; the first one of a namespace brings the rules.
 * @returns 0, -EINVAL without a table, or a negative errno
 * @kernel PORT: drivers/net/vrf.c, vrf_newlink
 */
function vrf_newlink(
	_src_net: net,
	dev: net_device,
	_tb: nlattrs,
	data: nlattrs | null,
	extack: netlink_ext_ack | null,
): number {
	const vrf = netdev_priv<net_vrf>(dev);
	const tb_id = data === null ? null : nla_get_u32(data, IFLA_VRF_TABLE);
	if (tb_id === null) {
		NL_SET_ERR_MSG(extack, 'VRF table id is missing');
		return -EINVAL;
	}
	vrf.tb_id = tb_id;
	if (tb_id === RT_TABLE_UNSPEC) {
		NL_SET_ERR_MSG(extack, 'Invalid VRF table id');
		return -EINVAL;
	}
	dev.priv_flags |= IFF_L3MDEV_MASTER;
	let err = register_netdevice(dev);
	if (err !== 0) return err;
	vrf.ifindex = dev.ifindex;
	err = vrf_map_register_dev(dev, extack);
	if (err !== 0) {
		unregister_netdevice(dev);
		return err;
	}
	const nn_vrf = vrf_net_id.of(dev_net(dev));
	if (nn_vrf.add_fib_rules) {
		err = vrf_add_fib_rules(dev);
		if (err !== 0) {
			vrf_map_unregister_dev(dev);
			unregister_netdevice(dev);
			return err;
		}
		nn_vrf.add_fib_rules = false;
	}
	return 0;
}

/**
 * IFLA_INFO_DATA: the table.
 * @kernel PORT: drivers/net/vrf.c, vrf_fillinfo
 */
function vrf_fillinfo(dev: net_device): nlattrs {
	const tb: nlattrs = new Map();
	nla_put_u32(tb, IFLA_VRF_TABLE, netdev_priv<net_vrf>(dev).tb_id);
	return tb;
}

/**
 * IFLA_INFO_SLAVE_DATA of a port: the table.
 * @kernel PORT: drivers/net/vrf.c, vrf_fill_slave_info
 */
function vrf_fill_slave_info(vrf_dev: net_device): nlattrs {
	const tb: nlattrs = new Map();
	nla_put_u32(tb, IFLA_VRF_PORT_TABLE, netdev_priv<net_vrf>(vrf_dev).tb_id);
	return tb;
}

const vrf_link_ops: rtnl_link_ops = {
	kind: 'vrf',
	alloc_priv: () => new net_vrf(),
	validate: vrf_validate,
	fill_info: vrf_fillinfo,
	fill_slave_info: vrf_fill_slave_info,
	newlink: vrf_newlink,
	dellink: vrf_dellink,
	setup: vrf_setup,
};

/**
 * Takes a port that goes out of its VRF.
 * @returns NOTIFY_DONE
 * @kernel PORT: drivers/net/vrf.c, vrf_device_event
 */
function vrf_device_event(event: number, info: netdev_notifier_info): number {
	const { dev } = info;
	if (event === NETDEV_UNREGISTER && netif_is_l3_slave(dev)) {
		const vrf_dev = netdev_master_upper_dev_get(dev);
		if (vrf_dev !== null) vrf_del_slave(vrf_dev, dev);
	}
	return NOTIFY_DONE;
}

/**
 * Changes whether tables may be shared.
 * @returns 0, or -EBUSY when some are
 * @kernel PORT: drivers/net/vrf.c, vrf_strict_mode_change
 */
function vrf_strict_mode_change(vmap: netns_vrf, new_mode: boolean): number {
	if (vmap.strict_mode === new_mode) return 0;
	if (new_mode && vmap.shared_tables !== 0) return -EBUSY;
	vmap.strict_mode = new_mode;
	return 0;
}

/**
 * net.vrf.strict_mode of a namespace.
 * @returns 0
 * @kernel PORT: drivers/net/vrf.c, vrf_netns_init
 */
function vrf_netns_init(net: net): number {
	const vmap = vrf_net_id.of(net);
	const entry = proc_dointvec(
		'strict_mode',
		() => (vmap.strict_mode ? 1 : 0),
		() => {},
		0,
		1,
	);
	const check = entry.store;
	entry.store = (text) => {
		const err = check(text);
		return err < 0 ? err : vrf_strict_mode_change(vmap, Number.parseInt(text, 10) !== 0);
	};
	register_net_sysctl(net, 'net/vrf', [entry]);
	return 0;
}

/**
 * Registers the kind.
 * @returns 0 or a negative errno
 * @kernel PORT: drivers/net/vrf.c, vrf_init_module
 */
export function vrf_init(m: Machine): number {
	register_netdevice_notifier(m, { priority: 0, notifier_call: vrf_device_event });
	const rc = register_pernet_subsys(m, { init: vrf_netns_init });
	if (rc < 0) return rc;
	return rtnl_link_register(m, vrf_link_ops);
}
