// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/bridge/br_multicast.c, base v5.10: multicast snooping. A bridge listens to IGMP and MLD, keeps which groups
 * (and sources) are wanted behind which port, asks for them itself when it shall, and knows where routers are.
 *
 * PORT: a place in a list of port groups is the entry before it, null for the head, where C has a pointer to a
 * pointer. Sources of a report are an offset and a number. br_multicast_count() stands in br_private.ts.
 * Not ported: switchdev (br_mc_disabled_update, br_mc_router_state_change, br_port_mc_router_state_change),
 * br_multicast_list_adjacent() and its kin, which only batman-adv calls, br_multicast_enabled() and
 * br_multicast_router(), which only drivers of switches call, statistics per processor.
 */
import {
	get_unaligned_be16,
	get_unaligned_be32,
	htonl,
	put_unaligned_be16,
	put_unaligned_be32,
} from '../../include/linux/byteorder/generic.ts';
import { ether_addr_copy, ether_addr_equal } from '../../include/linux/etherdevice.ts';
import { br_ip, BR_IP_WORDS } from '../../include/linux/if_bridge.ts';
import { IGMPV3_MRC } from '../../include/linux/igmp.ts';
import {
	ipv4_is_all_snoopers,
	ipv4_is_local_multicast,
	ipv4_is_multicast,
	ipv4_is_zeronet,
} from '../../include/linux/in.ts';
import { in_dev_get } from '../../include/linux/inetdevice.ts';
import { ip_daddr, ip_saddr } from '../../include/linux/ip.ts';
import { ipv6_transport_len } from '../../include/linux/ipv6.ts';
import {
	hlist_add_behind,
	hlist_add_head,
	hlist_del_init,
	hlist_empty,
	type hlist_node,
	hlist_unhashed,
} from '../../include/linux/list.ts';
import {
	HZ,
	jiffies_to_msecs,
	msecs_to_jiffies,
	time_after,
	WARN_ON,
} from '../../include/linux/machine.ts';
import { type net_device, netif_running } from '../../include/linux/netdevice.ts';
import {
	pim_hdr_type,
	pim_hdr_version,
	pim_ipv4_all_pim_routers,
	PIM_TYPE_HELLO,
	PIM_VERSION,
	PIMHDR_LEN,
} from '../../include/linux/pim.ts';
import {
	rhashtable_insert_fast,
	rhashtable_lookup,
	rhashtable_remove_fast,
} from '../../include/linux/rhashtable.ts';
import {
	type sk_buff,
	skb_reset_mac_header,
	skb_set_network_header,
	skb_transport_offset,
} from '../../include/linux/skbuff.ts';
import { del_timer, mod_timer, timer_pending, timer_setup } from '../../include/linux/timer.ts';
import type { __be32, in6_addr, u16 } from '../../include/linux/types.ts';
import { cancel_delayed_work_sync, schedule_work, work_struct } from '../../include/linux/workqueue.ts';
import { ipv6_addr_is_all_snoopers, ipv6_addr_is_ll_all_nodes } from '../../include/net/addrconf.ts';
import { csum_ipv6_magic, csum_partial, ip_compute_csum } from '../../include/net/checksum.ts';
import { ipv6_eth_mc_map } from '../../include/net/if_inet6.ts';
import { ip_eth_mc_map, IP_DF } from '../../include/net/ip.ts';
import {
	ipv6_addr_any,
	ipv6_addr_cmp,
	ipv6_addr_copy,
	ipv6_addr_is_multicast,
	ipv6_addr_set,
} from '../../include/net/ipv6.ts';
import {
	MLD2_GREC_LEN,
	MLD2_GREC_mca,
	MLD2_GREC_nsrcs,
	MLD2_GREC_src,
	MLD2_GREC_type,
	MLD2_QUERY_LEN,
	MLD2_QUERY_mca,
	MLD2_QUERY_mrc,
	MLD2_QUERY_nsrcs,
	MLD2_QUERY_qqic,
	MLD2_QUERY_qrv,
	MLD2_QUERY_srcs,
	MLD_MSG_LEN,
	MLD_MSG_maxdelay,
	MLD_MSG_mca,
	mldv2_mrc,
} from '../../include/net/mld.ts';
import { E2BIG, EINVAL, ENOMEM, ENOMSG } from '../../include/uapi/linux/errno.ts';
import {
	ICMP6HDR_cksum,
	ICMP6HDR_LEN,
	ICMP6HDR_type,
	ICMPV6_MGM_QUERY,
	ICMPV6_MGM_REDUCTION,
	ICMPV6_MGM_REPORT,
	ICMPV6_MLD2_REPORT,
	ICMPV6_MRDISC_ADV,
	MLD2_ALLOW_NEW_SOURCES,
	MLD2_BLOCK_OLD_SOURCES,
	MLD2_CHANGE_TO_EXCLUDE,
	MLD2_CHANGE_TO_INCLUDE,
	MLD2_MODE_IS_EXCLUDE,
	MLD2_MODE_IS_INCLUDE,
} from '../../include/uapi/linux/icmpv6.ts';
import {
	BR_MCAST_DIR_RX,
	BR_MCAST_DIR_TX,
	BR_STATE_BLOCKING,
	BR_STATE_DISABLED,
	MDB_RTR_TYPE_DISABLED,
	MDB_RTR_TYPE_PERM,
	MDB_RTR_TYPE_TEMP,
	MDB_RTR_TYPE_TEMP_QUERY,
} from '../../include/uapi/linux/if_bridge.ts';
import { ETH_ALEN, ETH_HLEN, ETH_P_IP, ETH_P_IPV6 } from '../../include/uapi/linux/if_ether.ts';
import {
	IGMP_HOST_LEAVE_MESSAGE,
	IGMP_HOST_MEMBERSHIP_QUERY,
	IGMP_HOST_MEMBERSHIP_REPORT,
	IGMP_MRDISC_ADV,
	IGMP_TIMER_SCALE,
	IGMPHDR_code,
	IGMPHDR_csum,
	IGMPHDR_group,
	IGMPHDR_LEN,
	IGMPHDR_type,
	IGMPV2_HOST_MEMBERSHIP_REPORT,
	IGMPV3_ALLOW_NEW_SOURCES,
	IGMPV3_BLOCK_OLD_SOURCES,
	IGMPV3_CHANGE_TO_EXCLUDE,
	IGMPV3_CHANGE_TO_INCLUDE,
	IGMPV3_GREC_LEN,
	IGMPV3_GREC_mca,
	IGMPV3_GREC_nsrcs,
	IGMPV3_GREC_src,
	IGMPV3_GREC_type,
	IGMPV3_HOST_MEMBERSHIP_REPORT,
	IGMPV3_MODE_IS_EXCLUDE,
	IGMPV3_MODE_IS_INCLUDE,
	IGMPV3_QUERY_LEN,
	IGMPV3_QUERY_nsrcs,
	IGMPV3_QUERY_qqic,
	IGMPV3_QUERY_qrv,
	IGMPV3_QUERY_srcs,
	IGMPV3_REPORT_LEN,
	IGMPV3_REPORT_ngrec,
} from '../../include/uapi/linux/igmp.ts';
import {
	INADDR_ALLHOSTS_GROUP,
	INADDR_ALLSNOOPERS_GROUP,
	IPPROTO_HOPOPTS,
	IPPROTO_ICMPV6,
	IPPROTO_IGMP,
	IPPROTO_PIM,
} from '../../include/uapi/linux/in.ts';
import { IPV6_TLV_PAD1, IPV6_TLV_ROUTERALERT } from '../../include/uapi/linux/in6.ts';
import {
	IPHDR_daddr,
	IPHDR_frag_off,
	IPHDR_LEN,
	IPHDR_protocol,
	IPHDR_saddr,
	IPHDR_tos,
	IPHDR_tot_len,
	IPHDR_ttl,
	IPOPT_RA,
} from '../../include/uapi/linux/ip.ts';
import {
	IPV6HDR_daddr,
	IPV6HDR_hop_limit,
	IPV6HDR_LEN,
	IPV6HDR_nexthdr,
	IPV6HDR_payload_len,
	IPV6HDR_saddr,
} from '../../include/uapi/linux/ipv6.ts';
import { NFPROTO_BRIDGE } from '../../include/uapi/linux/netfilter.ts';
import { NF_BR_LOCAL_OUT } from '../../include/uapi/linux/netfilter_bridge.ts';
import {
	RT_SCOPE_LINK,
	RTM_DELMDB,
	RTM_NEWMDB,
	RTPROT_KERNEL,
} from '../../include/uapi/linux/rtnetlink.ts';
import { netif_rx } from '../core/dev.ts';
import {
	__netdev_alloc_skb,
	__skb_pull,
	kfree_skb,
	pskb_may_pull,
	skb_header_pointer_off,
	skb_put,
} from '../core/skbuff.ts';
import { in_dev_put, inet_select_addr } from '../ipv4/devinet.ts';
import {
	__ip_mc_dec_group,
	__ip_mc_inc_group,
	ip_mc_check_igmp,
	ip_mc_may_pull,
	ip_transport_len,
} from '../ipv4/igmp.ts';
import { ip_send_check } from '../ipv4/ip_output.ts';
import { ipv6_dev_get_saddr } from '../ipv6/addrconf.ts';
import { ipv6_dev_mc_dec, ipv6_dev_mc_inc } from '../ipv6/mcast.ts';
import { ipv6_mc_check_icmpv6, ipv6_mc_check_mld, ipv6_mc_may_pull } from '../ipv6/mcast_snoop.ts';
import { NF_HOOK } from '../netfilter/core.ts';
import { br_dev_queue_push_xmit } from './br_forward.ts';
import {
	BR_INPUT_SKB_CB,
	br_mdb_ops,
	BR_MULTICAST_DEFAULT_HASH_MAX,
	br_multicast_count,
	BR_MULTICAST_FAST_LEAVE,
	br_multicast_gmi,
	br_multicast_is_star_g,
	br_multicast_lmqt,
	BR_MULTICAST_TO_UNICAST,
	BR_SG_KEY_WORDS,
	BR_SGRP_F_DELETE,
	BR_SGRP_F_INSTALLED,
	BR_SGRP_F_SEND,
	type bridge_mcast_other_query,
	type bridge_mcast_own_query,
	br_mdb_rht_params,
	br_sg_port_rht_params,
	type bridge_mcast_querier,
	MCAST_EXCLUDE,
	MCAST_INCLUDE,
	MDB_PG_FLAGS_BLOCKED,
	MDB_PG_FLAGS_FAST_LEAVE,
	MDB_PG_FLAGS_PERMANENT,
	MDB_PG_FLAGS_STAR_EXCL,
	type net_bridge,
	net_bridge_group_src,
	net_bridge_mcast_gc,
	net_bridge_mdb_entry,
	type net_bridge_port,
	net_bridge_port_group,
	PG_SRC_ENT_LIMIT,
} from './br_private.ts';

/** Length of the IPv4 header of a query: with the router alert option. */
const QUERY_IPHDR_LEN = IPHDR_LEN + 4;
/** ff02::6a */
const ALLSNOOPERS6: in6_addr = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x6a);

/**
 * Announces an entry.
 * @kernel PORT: call of br_mdb_notify()
 */
function br_mdb_notify(
	dev: net_device,
	mp: net_bridge_mdb_entry,
	pg: net_bridge_port_group | null,
	type: number,
): void {
	br_mdb_ops.of(dev.machine).notify(dev, mp, pg, type);
}

/**
 * Announces a router port.
 * @kernel PORT: call of br_rtr_notify()
 */
function br_rtr_notify(dev: net_device, port: net_bridge_port, type: number): void {
	br_mdb_ops.of(dev.machine).rtr_notify(dev, port, type);
}

/**
 * Puts a place in a list of port groups to another entry.
 * @param pp entry before the place, null for the head
 * @kernel PORT: assignment through a pointer to a pointer
 */
function set_place(
	mp: net_bridge_mdb_entry,
	pp: net_bridge_port_group | null,
	to: net_bridge_port_group | null,
): void {
	if (pp === null) mp.ports = to;
	else pp.next = to;
}

/**
 * Source of a frame.
 * @kernel PORT: eth_hdr(skb)->h_source
 */
function h_source(skb: sk_buff): Uint8Array {
	return skb.head.slice(skb.mac_header + ETH_ALEN, skb.mac_header + 2 * ETH_ALEN);
}

/**
 * Finds a source's entry of a port.
 * @kernel net/bridge/br_multicast.c:81 (v5.10)
 */
function br_sg_port_find(
	br: net_bridge,
	port: net_bridge_port,
	addr: br_ip,
): net_bridge_port_group | null {
	const key = new Int32Array(BR_SG_KEY_WORDS);
	new br_ip(key).copy(addr);
	key[BR_IP_WORDS] = port.order;
	return rhashtable_lookup(br.sg_port_tbl, key, br_sg_port_rht_params);
}

/**
 * Finds an entry.
 * @kernel net/bridge/br_multicast.c:90 (v5.10)
 */
function br_mdb_ip_get_rcu(br: net_bridge, dst: br_ip): net_bridge_mdb_entry | null {
	return rhashtable_lookup(br.mdb_hash_tbl, dst.words, br_mdb_rht_params);
}

/**
 * Finds an entry.
 * @kernel net/bridge/br_multicast.c:96 (v5.10)
 */
export function br_mdb_ip_get(br: net_bridge, dst: br_ip): net_bridge_mdb_entry | null {
	return rhashtable_lookup(br.mdb_hash_tbl, dst.words, br_mdb_rht_params);
}

/**
 * Finds the entry of an IPv4 group.
 * @kernel net/bridge/br_multicast.c:110 (v5.10)
 */
function br_mdb_ip4_get(br: net_bridge, dst: __be32, vid: u16): net_bridge_mdb_entry | null {
	return br_mdb_ip_get(br, new br_ip().init(ETH_P_IP, vid).set_dst_ip4(dst));
}

/**
 * Finds the entry of an IPv6 group.
 * @param off where the group's address stands in head
 * @kernel net/bridge/br_multicast.c:124 (v5.10)
 */
function br_mdb_ip6_get(
	br: net_bridge,
	head: Uint8Array,
	off: number,
	vid: u16,
): net_bridge_mdb_entry | null {
	return br_mdb_ip_get(br, new br_ip().init(ETH_P_IPV6, vid).set_dst(head, off, 16));
}

/**
 * Finds the entry that a packet is for. Group messages have none: they are flooded or go to routers.
 * @kernel net/bridge/br_multicast.c:139 (v5.10)
 */
export function br_mdb_get(br: net_bridge, skb: sk_buff, vid: u16): net_bridge_mdb_entry | null {
	if (!br.multicast_enabled || BR_INPUT_SKB_CB(skb).igmp !== 0) return null;

	const ip = br.mdb_scratch_key.init(skb.protocol, vid);
	const nh = skb.network_header;
	switch (skb.protocol) {
		case ETH_P_IP:
			ip.set_dst(skb.head, nh + IPHDR_daddr, 4);
			if (br.multicast_igmp_version === 3) {
				ip.set_src(skb.head, nh + IPHDR_saddr, 4);
				const mdb = br_mdb_ip_get_rcu(br, ip);
				if (mdb !== null) return mdb;
				ip.clear_src();
			}
			break;
		case ETH_P_IPV6:
			ip.set_dst(skb.head, nh + IPV6HDR_daddr, 16);
			if (br.multicast_mld_version === 2) {
				ip.set_src(skb.head, nh + IPV6HDR_saddr, 16);
				const mdb = br_mdb_ip_get_rcu(br, ip);
				if (mdb !== null) return mdb;
				ip.clear_src();
			}
			break;
		default:
			return null;
	}
	return br_mdb_ip_get_rcu(br, ip);
}

/**
 * Tells whether an entry is of a port, and of a station when the port gets copies to each.
 * @kernel net/bridge/br_multicast.c:188 (v5.10)
 */
function br_port_group_equal(
	p: net_bridge_port_group,
	port: net_bridge_port | null,
	src: Uint8Array,
): boolean {
	if (p.port !== port) return false;
	if ((port.flags & BR_MULTICAST_TO_UNICAST) === 0) return true;
	return ether_addr_equal(src, 0, p.eth_addr, 0);
}

/**
 * Gives a source's traffic to a port that excludes other sources.
 * @kernel net/bridge/br_multicast.c:201 (v5.10)
 */
function __fwd_add_star_excl(pg: net_bridge_port_group, sg_ip: br_ip): void {
	const { port } = pg;
	const { br } = port;
	if (br_sg_port_find(br, port, sg_ip) !== null) return;

	const src_pg = __br_multicast_add_group(
		br,
		port,
		sg_ip,
		pg.eth_addr,
		MCAST_INCLUDE,
		false,
		false,
	);
	if (src_pg === null || typeof src_pg === 'number' || src_pg.rt_protocol !== RTPROT_KERNEL)
		return;
	src_pg.flags |= MDB_PG_FLAGS_STAR_EXCL;
}

/**
 * Ends __fwd_add_star_excl().
 * @kernel net/bridge/br_multicast.c:223 (v5.10)
 */
function __fwd_del_star_excl(pg: net_bridge_port_group, sg_ip: br_ip): void {
	const { br } = pg.port;
	const src_pg = br_sg_port_find(br, pg.port, sg_ip);
	if (
		src_pg === null ||
		(src_pg.flags & MDB_PG_FLAGS_STAR_EXCL) === 0 ||
		src_pg.rt_protocol !== RTPROT_KERNEL
	)
		return;
	br_multicast_find_del_pg(br, src_pg);
}

/**
 * A port's group turns to a filter mode: with EXCLUDE it gets the traffic of sources that other ports asked for,
 * unless it blocks them; with INCLUDE, or when it goes, no longer.
 * @param filter_mode MCAST_INCLUDE or MCAST_EXCLUDE
 * @kernel net/bridge/br_multicast.c:249 (v5.10)
 */
export function br_multicast_star_g_handle_mode(
	pg: net_bridge_port_group,
	filter_mode: number,
): void {
	const { br } = pg.port;
	if (
		WARN_ON(
			br.machine,
			!br_multicast_is_star_g(pg.addr),
			'br_multicast_star_g_handle_mode',
			'a source',
		)
	)
		return;

	const mp = br_mdb_ip_get(br, pg.addr);
	if (mp === null) return;

	const sg_ip = new br_ip().copy(pg.addr);
	for (let pg_lst = mp.ports; pg_lst !== null; pg_lst = pg_lst.next) {
		if (pg_lst === pg) continue;
		for (let n = pg_lst.src_list.first; n !== null; n = n.next) {
			const src_ent = n.item;
			if ((src_ent.flags & BR_SGRP_F_INSTALLED) === 0) continue;
			sg_ip.copy_src(src_ent.addr);
			switch (filter_mode) {
				case MCAST_INCLUDE:
					__fwd_del_star_excl(pg, sg_ip);
					break;
				case MCAST_EXCLUDE:
					__fwd_add_star_excl(pg, sg_ip);
					break;
			}
		}
	}
}

/**
 * A new source's entry: the host has it when it has the group.
 * @kernel net/bridge/br_multicast.c:290 (v5.10)
 */
function br_multicast_sg_host_state(
	star_mp: net_bridge_mdb_entry,
	sg: net_bridge_port_group,
): void {
	if (!star_mp.host_joined) return;
	const sg_mp = br_mdb_ip_get(star_mp.br, sg.addr);
	if (sg_mp === null) return;
	sg_mp.host_joined = true;
}

/**
 * The host joined or left a group: so for its sources.
 * @kernel net/bridge/br_multicast.c:307 (v5.10)
 */
function br_multicast_star_g_host_state(star_mp: net_bridge_mdb_entry): void {
	const { br } = star_mp;
	const sg_ip = new br_ip().copy(star_mp.addr);
	for (let pg = star_mp.ports; pg !== null; pg = pg.next) {
		for (let n = pg.src_list.first; n !== null; n = n.next) {
			const src_ent = n.item;
			if ((src_ent.flags & BR_SGRP_F_INSTALLED) === 0) continue;
			sg_ip.copy_src(src_ent.addr);
			const sg_mp = br_mdb_ip_get(br, sg_ip);
			if (sg_mp === null) continue;
			sg_mp.host_joined = star_mp.host_joined;
		}
	}
}

/**
 * When only ports that exclude others are left in a source's entry, they go too.
 * @kernel net/bridge/br_multicast.c:336 (v5.10)
 */
function br_multicast_sg_del_exclude_ports(sgmp: net_bridge_mdb_entry): void {
	if (
		WARN_ON(
			sgmp.br.machine,
			br_multicast_is_star_g(sgmp.addr),
			'br_multicast_sg_del_exclude_ports',
			'no source',
		)
	)
		return;

	for (let p = sgmp.ports; p !== null; p = p.next)
		if ((p.flags & (MDB_PG_FLAGS_STAR_EXCL | MDB_PG_FLAGS_PERMANENT)) === 0) return;

	/* the host, too, can only have joined the group without a source */
	sgmp.host_joined = false;

	let pp: net_bridge_port_group | null = null;
	for (;;) {
		const p: net_bridge_port_group | null = pp === null ? sgmp.ports : pp.next;
		if (p === null) break;
		if ((p.flags & MDB_PG_FLAGS_PERMANENT) === 0) br_multicast_del_pg(sgmp, p, pp);
		else pp = p;
	}
}

/**
 * A new source's entry gets all ports that exclude others.
 * @kernel net/bridge/br_multicast.c:370 (v5.10)
 */
export function br_multicast_sg_add_exclude_ports(
	star_mp: net_bridge_mdb_entry,
	sg: net_bridge_port_group,
): void {
	const { br } = star_mp;
	if (
		WARN_ON(
			br.machine,
			br_multicast_is_star_g(sg.addr) || !br_multicast_is_star_g(star_mp.addr),
			'br_multicast_sg_add_exclude_ports',
			'source or none',
		)
	)
		return;

	br_multicast_sg_host_state(star_mp, sg);
	for (let pg = star_mp.ports; pg !== null; pg = pg.next) {
		if (pg === sg || pg.filter_mode === MCAST_INCLUDE) continue;
		if (br_sg_port_find(br, pg.port, sg.addr) !== null) continue;

		const src_pg = __br_multicast_add_group(
			br,
			pg.port,
			sg.addr,
			sg.eth_addr,
			MCAST_INCLUDE,
			false,
			false,
		);
		if (
			src_pg === null ||
			typeof src_pg === 'number' ||
			src_pg.rt_protocol !== RTPROT_KERNEL
		)
			continue;
		src_pg.flags |= MDB_PG_FLAGS_STAR_EXCL;
	}
}

/**
 * Makes a source's entry.
 * @kernel net/bridge/br_multicast.c:409 (v5.10)
 */
function br_multicast_fwd_src_add(src: net_bridge_group_src): void {
	if ((src.flags & BR_SGRP_F_INSTALLED) !== 0) return;

	const sg_ip = new br_ip().copy(src.pg.addr).copy_src(src.addr);
	const sg = __br_multicast_add_group(
		src.br,
		src.pg.port,
		sg_ip,
		src.pg.eth_addr,
		MCAST_INCLUDE,
		false,
		!timer_pending(src.timer),
	);
	if (sg === null || typeof sg === 'number') return;
	src.flags |= BR_SGRP_F_INSTALLED;
	sg.flags &= ~MDB_PG_FLAGS_STAR_EXCL;

	/* a user's permanent entry stays as it is */
	if (sg.rt_protocol !== RTPROT_KERNEL && (sg.flags & MDB_PG_FLAGS_PERMANENT) !== 0) return;

	del_timer(sg.timer);
	const star_mp = br_mdb_ip_get(src.br, src.pg.addr);
	if (star_mp === null) return;
	br_multicast_sg_add_exclude_ports(star_mp, sg);
}

/**
 * Takes a source's entry away.
 * @kernel net/bridge/br_multicast.c:443 (v5.10)
 */
function br_multicast_fwd_src_remove(src: net_bridge_group_src): void {
	const { pg } = src;
	const sg_ip = new br_ip().copy(pg.addr).copy_src(src.addr);
	const mp = br_mdb_ip_get(src.br, sg_ip);
	if (mp === null) return;

	let pp: net_bridge_port_group | null = null;
	for (let p = mp.ports; p !== null; pp = p, p = p.next) {
		if (!br_port_group_equal(p, pg.port, pg.eth_addr)) continue;
		if (p.rt_protocol !== RTPROT_KERNEL && (p.flags & MDB_PG_FLAGS_PERMANENT) !== 0) break;
		br_multicast_del_pg(mp, p, pp);
		break;
	}
	src.flags &= ~BR_SGRP_F_INSTALLED;
}

/**
 * Makes a source's entry and lets it forward or block, by the source's timer.
 * @kernel net/bridge/br_multicast.c:475 (v5.10)
 */
function br_multicast_fwd_src_handle(src: net_bridge_group_src): void {
	br_multicast_fwd_src_add(src);

	const addr = new br_ip().copy(src.pg.addr).copy_src(src.addr);
	const sg = br_sg_port_find(src.br, src.pg.port, addr);
	if (sg === null || (sg.flags & MDB_PG_FLAGS_PERMANENT) !== 0) return;

	const old_flags = sg.flags;
	if (timer_pending(src.timer)) sg.flags &= ~MDB_PG_FLAGS_BLOCKED;
	else sg.flags |= MDB_PG_FLAGS_BLOCKED;

	if (old_flags !== sg.flags) {
		const sg_mp = br_mdb_ip_get(src.br, addr);
		if (sg_mp === null) return;
		br_mdb_notify(src.br.dev, sg_mp, sg, RTM_NEWMDB);
	}
}

/**
 * Hands something to the collector.
 * @kernel PORT: what three functions do
 */
function mcast_gc_add(br: net_bridge, gc: net_bridge_mcast_gc): void {
	hlist_add_head(gc.gc_node, br.mcast_gc_list);
	schedule_work(br.mcast_gc_work);
}

/**
 * Ends an entry.
 * @kernel net/bridge/br_multicast.c:508 (v5.10)
 */
function br_multicast_destroy_mdb_entry(mp: net_bridge_mdb_entry): void {
	WARN_ON(
		mp.br.machine,
		!hlist_unhashed(mp.mdb_node) || mp.ports !== null,
		'br_multicast_destroy_mdb_entry',
		'still in use',
	);
	del_timer(mp.timer);
}

/**
 * Takes an entry away.
 * @kernel net/bridge/br_multicast.c:520 (v5.10)
 */
function br_multicast_del_mdb_entry(mp: net_bridge_mdb_entry): void {
	const { br } = mp;
	rhashtable_remove_fast(br.mdb_hash_tbl, mp);
	hlist_del_init(mp.mdb_node);
	mcast_gc_add(br, mp.mcast_gc!);
}

/**
 * The host's membership is over; an entry without ports goes.
 * @kernel net/bridge/br_multicast.c:531 (v5.10)
 */
function br_multicast_group_expired(mp: net_bridge_mdb_entry): void {
	if (hlist_unhashed(mp.mdb_node) || !netif_running(mp.br.dev) || timer_pending(mp.timer)) return;

	br_multicast_host_leave(mp, true);

	if (mp.ports !== null) return;
	br_multicast_del_mdb_entry(mp);
}

/**
 * Ends a source.
 * @kernel net/bridge/br_multicast.c:550 (v5.10)
 */
function br_multicast_destroy_group_src(src: net_bridge_group_src): void {
	WARN_ON(
		src.br.machine,
		!hlist_unhashed(src.node),
		'br_multicast_destroy_group_src',
		'still in use',
	);
	del_timer(src.timer);
}

/**
 * Takes a source away.
 * @kernel net/bridge/br_multicast.c:561 (v5.10)
 */
function br_multicast_del_group_src(src: net_bridge_group_src): void {
	const { br } = src.pg.port;
	br_multicast_fwd_src_remove(src);
	hlist_del_init(src.node);
	src.pg.src_ents--;
	mcast_gc_add(br, src.mcast_gc!);
}

/**
 * Ends a port's group.
 * @kernel net/bridge/br_multicast.c:572 (v5.10)
 */
function br_multicast_destroy_port_group(pg: net_bridge_port_group): void {
	WARN_ON(
		pg.port.br.machine,
		!hlist_unhashed(pg.mglist) || !hlist_empty(pg.src_list),
		'br_multicast_destroy_port_group',
		'still in use',
	);
	del_timer(pg.rexmit_timer);
	del_timer(pg.timer);
}

/**
 * Takes a port's group away.
 * @param pp the entry before it in mp's list, null for the head
 * @kernel net/bridge/br_multicast.c:585 (v5.10)
 */
export function br_multicast_del_pg(
	mp: net_bridge_mdb_entry,
	pg: net_bridge_port_group,
	pp: net_bridge_port_group | null,
): void {
	const { br } = pg.port;

	set_place(mp, pp, pg.next);
	hlist_del_init(pg.mglist);
	for (let n = pg.src_list.first; n !== null;) {
		const tmp: hlist_node<net_bridge_group_src> | null = n.next;
		br_multicast_del_group_src(n.item);
		n = tmp;
	}
	br_mdb_notify(br.dev, mp, pg, RTM_DELMDB);
	if (!br_multicast_is_star_g(mp.addr)) {
		rhashtable_remove_fast(br.sg_port_tbl, pg);
		br_multicast_sg_del_exclude_ports(mp);
	} else {
		br_multicast_star_g_handle_mode(pg, MCAST_INCLUDE);
	}
	mcast_gc_add(br, pg.mcast_gc!);

	if (mp.ports === null && !mp.host_joined && netif_running(br.dev))
		mod_timer(mp.timer, br.machine.jiffies);
}

/**
 * Finds a port's group in its entry and takes it away.
 * @kernel net/bridge/br_multicast.c:612 (v5.10)
 */
function br_multicast_find_del_pg(br: net_bridge, pg: net_bridge_port_group): void {
	const mp = br_mdb_ip_get(br, pg.addr);
	if (WARN_ON(br.machine, mp === null, 'br_multicast_find_del_pg', 'no entry') || mp === null)
		return;

	let pp: net_bridge_port_group | null = null;
	for (let p = mp.ports; p !== null; pp = p, p = p.next) {
		if (p !== pg) continue;
		br_multicast_del_pg(mp, pg, pp);
		return;
	}

	WARN_ON(br.machine, true, 'br_multicast_find_del_pg', 'not in its entry');
}

/**
 * A port's membership is over: what excluded now includes, sources that are over go, and so does a group
 * without sources.
 * @kernel net/bridge/br_multicast.c:636 (v5.10)
 */
function br_multicast_port_group_expired(pg: net_bridge_port_group): void {
	const { br } = pg.port;
	if (
		!netif_running(br.dev) ||
		timer_pending(pg.timer) ||
		hlist_unhashed(pg.mglist) ||
		(pg.flags & MDB_PG_FLAGS_PERMANENT) !== 0
	)
		return;

	let changed = pg.filter_mode === MCAST_EXCLUDE;
	pg.filter_mode = MCAST_INCLUDE;
	for (let n = pg.src_list.first; n !== null;) {
		const tmp: hlist_node<net_bridge_group_src> | null = n.next;
		if (!timer_pending(n.item.timer)) {
			br_multicast_del_group_src(n.item);
			changed = true;
		}
		n = tmp;
	}

	if (hlist_empty(pg.src_list)) {
		br_multicast_find_del_pg(br, pg);
	} else if (changed) {
		const mp = br_mdb_ip_get(br, pg.addr);
		if (br_multicast_is_star_g(pg.addr)) br_multicast_star_g_handle_mode(pg, MCAST_INCLUDE);
		if (
			WARN_ON(
				br.machine,
				mp === null,
				'br_multicast_port_group_expired',
				'no entry',
			) ||
			mp === null
		)
			return;
		br_mdb_notify(br.dev, mp, pg, RTM_NEWMDB);
	}
}

/**
 * Ends what was collected.
 * @kernel net/bridge/br_multicast.c:674 (v5.10)
 */
function br_multicast_gc(br: net_bridge): void {
	const head = br.mcast_gc_list;
	for (let n = head.first; n !== null; n = head.first) {
		hlist_del_init(n);
		n.item.destroy();
	}
}

/** What a query to be made has besides its group. */
class query_args {
	/** Sources are asked for. */
	with_srcs = false;
	/** Sources whose timer runs longer than the last member has to answer, or the others. */
	over_lmqt = false;
	/** Routers shall not take the query as a sign of loss. */
	sflag = 0;
	/** Out: type of the message. */
	igmp_type = 0;
	/** Out: some source is to be asked for again. */
	need_rexmit = false;
}

/**
 * Tells whether a source belongs into the query at hand.
 * @param lmqt jiffies
 * @kernel PORT: condition of two loops in each of br_ip4_multicast_alloc_query() and its twin
 */
function query_wants(ent: net_bridge_group_src, args: query_args, lmqt: number): boolean {
	return (
		args.over_lmqt === time_after(ent.timer.expires, lmqt) && ent.src_query_rexmit_cnt > 0
	);
}

/**
 * Counts the sources that belong into a query.
 * @kernel PORT: first of those loops
 */
function query_count(pg: net_bridge_port_group, args: query_args, lmqt: number): number {
	let srcs = 0;
	for (let n = pg.src_list.first; n !== null; n = n.next)
		if (query_wants(n.item, args, lmqt)) srcs++;
	return srcs;
}

/**
 * Makes a query of IGMP.
 * @param pg the port's group that is asked for, or null
 * @returns null when it does not fit, or nothing is to be asked
 * @kernel net/bridge/br_multicast.c:685 (v5.10)
 */
function br_ip4_multicast_alloc_query(
	br: net_bridge,
	pg: net_bridge_port_group | null,
	ip_dst: __be32,
	group: __be32,
	args: query_args,
): sk_buff | null {
	const p = pg !== null ? pg.port : null;
	const v3 = br.multicast_igmp_version === 3;
	let igmp_hdr_size = IGMPHDR_LEN;
	let lmqt = 0;
	let lmqt_srcs = 0;
	if (v3) {
		igmp_hdr_size = IGMPV3_QUERY_LEN;
		if (pg !== null && args.with_srcs) {
			lmqt = br.machine.jiffies + br_multicast_lmqt(br);
			lmqt_srcs = query_count(pg, args, lmqt);
			if (lmqt_srcs === 0) return null;
			igmp_hdr_size += lmqt_srcs * 4;
		}
	}

	const pkt_size = ETH_HLEN + QUERY_IPHDR_LEN + igmp_hdr_size;
	if ((p !== null && pkt_size > p.dev.mtu) || pkt_size > br.dev.mtu) return null;

	const skb = __netdev_alloc_skb(br.dev, pkt_size);
	skb.protocol = ETH_P_IP;

	skb_reset_mac_header(skb);
	const eth = skb_put(skb, ETH_HLEN);
	const h = skb.head;
	h.fill(0, eth, eth + pkt_size);
	ether_addr_copy(h, eth + ETH_ALEN, br.dev.dev_addr, 0);
	const mac = new Uint8Array(ETH_ALEN);
	ip_eth_mc_map(ip_dst, mac);
	ether_addr_copy(h, eth, mac, 0);
	put_unaligned_be16(ETH_P_IP, h, eth + 2 * ETH_ALEN);

	skb_set_network_header(skb, skb.len);
	const iph = skb_put(skb, QUERY_IPHDR_LEN);
	h[iph] = 0x40 | (QUERY_IPHDR_LEN / 4);
	h[iph + IPHDR_tos] = 0xc0;
	put_unaligned_be16(pkt_size - ETH_HLEN, h, iph + IPHDR_tot_len);
	put_unaligned_be16(IP_DF, h, iph + IPHDR_frag_off);
	h[iph + IPHDR_ttl] = 1;
	h[iph + IPHDR_protocol] = IPPROTO_IGMP;
	put_unaligned_be32(
		br.multicast_query_use_ifaddr ? inet_select_addr(br.dev, htonl(0), RT_SCOPE_LINK) : 0,
		h,
		iph + IPHDR_saddr,
	);
	put_unaligned_be32(ip_dst, h, iph + IPHDR_daddr);
	h[iph + IPHDR_LEN] = IPOPT_RA;
	h[iph + IPHDR_LEN + 1] = 4;
	ip_send_check(skb.view, iph);

	const ih = skb_put(skb, igmp_hdr_size);
	skb.transport_header = ih;
	args.igmp_type = IGMP_HOST_MEMBERSHIP_QUERY;
	h[ih + IGMPHDR_type] = IGMP_HOST_MEMBERSHIP_QUERY;
	h[ih + IGMPHDR_code] = Math.trunc(
		(group !== 0 ? br.multicast_last_member_interval : br.multicast_query_response_interval) /
			(HZ / IGMP_TIMER_SCALE),
	);
	put_unaligned_be32(group, h, ih + IGMPHDR_group);
	if (v3) {
		h[ih + IGMPV3_QUERY_qrv] = (args.sflag << 3) | 2;
		h[ih + IGMPV3_QUERY_qqic] = Math.trunc(br.multicast_query_interval / HZ);
		put_unaligned_be16(lmqt_srcs, h, ih + IGMPV3_QUERY_nsrcs);
		let src = ih + IGMPV3_QUERY_srcs;
		if (pg !== null && args.with_srcs) {
			for (let n = pg.src_list.first; n !== null; n = n.next) {
				const ent = n.item;
				if (!query_wants(ent, args, lmqt)) continue;
				put_unaligned_be32(ent.addr.src_ip4, h, src);
				src += 4;
				if (--ent.src_query_rexmit_cnt !== 0) args.need_rexmit = true;
			}
		}
	}
	put_unaligned_be16(ip_compute_csum(h, ih, igmp_hdr_size), h, ih + IGMPHDR_csum);
	__skb_pull(skb, ETH_HLEN);
	return skb;
}

/**
 * Makes a query of MLD.
 * @param pg the port's group that is asked for, or null
 * @returns null when it does not fit, nothing is to be asked, or the bridge has no address to ask from
 * @kernel net/bridge/br_multicast.c:830 (v5.10)
 */
function br_ip6_multicast_alloc_query(
	br: net_bridge,
	pg: net_bridge_port_group | null,
	ip6_dst: in6_addr,
	group: in6_addr,
	args: query_args,
): sk_buff | null {
	const p = pg !== null ? pg.port : null;
	const v2 = br.multicast_mld_version === 2;
	let mld_hdr_size = MLD_MSG_LEN;
	let llqt = 0;
	let llqt_srcs = 0;
	if (v2) {
		mld_hdr_size = MLD2_QUERY_LEN;
		if (pg !== null && args.with_srcs) {
			llqt = br.machine.jiffies + br_multicast_lmqt(br);
			llqt_srcs = query_count(pg, args, llqt);
			if (llqt_srcs === 0) return null;
			mld_hdr_size += llqt_srcs * 16;
		}
	}

	const pkt_size = ETH_HLEN + IPV6HDR_LEN + 8 + mld_hdr_size;
	if ((p !== null && pkt_size > p.dev.mtu) || pkt_size > br.dev.mtu) return null;

	const skb = __netdev_alloc_skb(br.dev, pkt_size);
	skb.protocol = ETH_P_IPV6;

	skb_reset_mac_header(skb);
	const eth = skb_put(skb, ETH_HLEN);
	const h = skb.head;
	h.fill(0, eth, eth + pkt_size);
	ether_addr_copy(h, eth + ETH_ALEN, br.dev.dev_addr, 0);
	put_unaligned_be16(ETH_P_IPV6, h, eth + 2 * ETH_ALEN);

	skb_set_network_header(skb, skb.len);
	const ip6h = skb_put(skb, IPV6HDR_LEN + 8);
	h[ip6h] = 0x60;
	put_unaligned_be16(8 + mld_hdr_size, h, ip6h + IPV6HDR_payload_len);
	h[ip6h + IPV6HDR_nexthdr] = IPPROTO_HOPOPTS;
	h[ip6h + IPV6HDR_hop_limit] = 1;
	ipv6_addr_copy(h, ip6_dst, ip6h + IPV6HDR_daddr);
	const saddr: in6_addr = new Uint8Array(16);
	if (ipv6_dev_get_saddr(br.dev.nd_net, br.dev, ip6_dst, 0, saddr) !== 0) {
		kfree_skb(skb);
		br.has_ipv6_addr = false;
		return null;
	}
	ipv6_addr_copy(h, saddr, ip6h + IPV6HDR_saddr);

	br.has_ipv6_addr = true;
	const mac = new Uint8Array(ETH_ALEN);
	ipv6_eth_mc_map(ip6_dst, mac);
	ether_addr_copy(h, eth, mac, 0);

	const hopopt = ip6h + IPV6HDR_LEN;
	h[hopopt] = IPPROTO_ICMPV6;
	h[hopopt + 2] = IPV6_TLV_ROUTERALERT;
	h[hopopt + 3] = 2;
	h[hopopt + 6] = IPV6_TLV_PAD1;
	h[hopopt + 7] = IPV6_TLV_PAD1;

	const mld = skb_put(skb, mld_hdr_size);
	skb.transport_header = mld;
	const interval = jiffies_to_msecs(
		ipv6_addr_any(group)
			? br.multicast_query_response_interval
			: br.multicast_last_member_interval,
	);
	args.igmp_type = ICMPV6_MGM_QUERY;
	h[mld + ICMP6HDR_type] = ICMPV6_MGM_QUERY;
	if (!v2) {
		put_unaligned_be16(interval & 0xffff, h, mld + MLD_MSG_maxdelay);
		ipv6_addr_copy(h, group, mld + MLD_MSG_mca);
	} else {
		put_unaligned_be16(interval & 0xffff, h, mld + MLD2_QUERY_mrc);
		h[mld + MLD2_QUERY_qrv] = (args.sflag << 3) | 2;
		put_unaligned_be16(llqt_srcs, h, mld + MLD2_QUERY_nsrcs);
		h[mld + MLD2_QUERY_qqic] = Math.trunc(br.multicast_query_interval / HZ);
		ipv6_addr_copy(h, group, mld + MLD2_QUERY_mca);
		let src = mld + MLD2_QUERY_srcs;
		if (pg !== null && args.with_srcs) {
			for (let n = pg.src_list.first; n !== null; n = n.next) {
				const ent = n.item;
				if (!query_wants(ent, args, llqt)) continue;
				ipv6_addr_copy(h, ent.addr.src_ip6, src);
				src += 16;
				if (--ent.src_query_rexmit_cnt !== 0) args.need_rexmit = true;
			}
		}
	}
	put_unaligned_be16(
		csum_ipv6_magic(
			h,
			ip6h + IPV6HDR_saddr,
			h,
			ip6h + IPV6HDR_daddr,
			mld_hdr_size,
			IPPROTO_ICMPV6,
			csum_partial(h, mld, mld_hdr_size, 0),
		),
		h,
		mld + ICMP6HDR_cksum,
	);
	__skb_pull(skb, ETH_HLEN);
	return skb;
}

/**
 * Makes a query.
 * @param ip_dst whom to ask, null for all hosts
 * @param group protocol and group; without one, a general query
 * @kernel net/bridge/br_multicast.c:993 (v5.10)
 */
function br_multicast_alloc_query(
	br: net_bridge,
	pg: net_bridge_port_group | null,
	ip_dst: br_ip | null,
	group: br_ip,
	args: query_args,
): sk_buff | null {
	switch (group.proto) {
		case ETH_P_IP: {
			const ip4_dst = ip_dst !== null ? ip_dst.dst_ip4 : htonl(INADDR_ALLHOSTS_GROUP);
			return br_ip4_multicast_alloc_query(br, pg, ip4_dst, group.dst_ip4, args);
		}
		case ETH_P_IPV6: {
			let ip6_dst: in6_addr;
			if (ip_dst !== null) {
				ip6_dst = ip_dst.dst_ip6;
			} else {
				ip6_dst = new Uint8Array(16);
				ipv6_addr_set(ip6_dst, 0xff020000, 0, 0, 1);
			}
			return br_ip6_multicast_alloc_query(br, pg, ip6_dst, group.dst_ip6, args);
		}
	}
	return null;
}

/**
 * Finds or makes an entry. A bridge with too many stops to snoop.
 * @returns -E2BIG
 * @kernel net/bridge/br_multicast.c:1032 (v5.10)
 */
export function br_multicast_new_group(
	br: net_bridge,
	group: br_ip,
): net_bridge_mdb_entry | number {
	const old = br_mdb_ip_get(br, group);
	if (old !== null) return old;

	if (br.mdb_hash_tbl.nelems >= br.hash_max) {
		br.multicast_enabled = false;
		return -E2BIG;
	}

	const mp = new net_bridge_mdb_entry(br, group);
	mp.mcast_gc = new net_bridge_mcast_gc(() => {
		br_multicast_destroy_mdb_entry(mp);
	});
	mp.timer = timer_setup(br.machine, () => {
		br_multicast_group_expired(mp);
	});
	rhashtable_insert_fast(br.mdb_hash_tbl, mp);
	hlist_add_head(mp.mdb_node, br.mdb_list);
	return mp;
}

/**
 * A source's time is over: of a group that includes it goes, of one that excludes it is blocked.
 * @kernel net/bridge/br_multicast.c:1067 (v5.10)
 */
function br_multicast_group_src_expired(src: net_bridge_group_src): void {
	const { br, pg } = src;
	if (hlist_unhashed(src.node) || !netif_running(br.dev) || timer_pending(src.timer)) return;

	if (pg.filter_mode === MCAST_INCLUDE) {
		br_multicast_del_group_src(src);
		if (!hlist_empty(pg.src_list)) return;
		br_multicast_find_del_pg(br, pg);
	} else {
		br_multicast_fwd_src_handle(src);
	}
}

/**
 * Finds a source of a port's group.
 * @kernel net/bridge/br_multicast.c:1093 (v5.10)
 */
function br_multicast_find_group_src(
	pg: net_bridge_port_group,
	ip: br_ip,
): net_bridge_group_src | null {
	for (let n = pg.src_list.first; n !== null; n = n.next)
		if (n.item.addr.same_src(ip)) return n.item;
	return null;
}

/**
 * Makes a source of a port's group.
 * @returns null for too many, or an address that is none of a source
 * @kernel net/bridge/br_multicast.c:1116 (v5.10)
 */
function br_multicast_new_group_src(
	pg: net_bridge_port_group,
	src_ip: br_ip,
): net_bridge_group_src | null {
	if (pg.src_ents >= PG_SRC_ENT_LIMIT) return null;

	switch (src_ip.proto) {
		case ETH_P_IP:
			if (ipv4_is_zeronet(src_ip.src_ip4) || ipv4_is_multicast(src_ip.src_ip4))
				return null;
			break;
		case ETH_P_IPV6:
			if (src_ip.src_any() || ipv6_addr_is_multicast(src_ip.src_ip6)) return null;
			break;
	}

	const grp_src = new net_bridge_group_src(pg, src_ip);
	grp_src.mcast_gc = new net_bridge_mcast_gc(() => {
		br_multicast_destroy_group_src(grp_src);
	});
	grp_src.timer = timer_setup(pg.port.br.machine, () => {
		br_multicast_group_src_expired(grp_src);
	});
	hlist_add_head(grp_src.node, pg.src_list);
	pg.src_ents++;
	return grp_src;
}

/**
 * Makes a port's group.
 * @param next what follows it in its entry
 * @param flags MDB_PG_FLAGS_*
 * @param src station that asked, or null for all
 * @param filter_mode MCAST_INCLUDE or MCAST_EXCLUDE
 * @param rt_protocol RTPROT_*
 * @returns null when a source's entry is there already
 * @kernel net/bridge/br_multicast.c:1154 (v5.10)
 */
export function br_multicast_new_port_group(
	port: net_bridge_port,
	group: br_ip,
	next: net_bridge_port_group | null,
	flags: number,
	src: Uint8Array | null,
	filter_mode: number,
	rt_protocol: number,
): net_bridge_port_group | null {
	const { machine, sg_port_tbl } = port.br;
	const p = new net_bridge_port_group(port, group);
	p.flags = flags;
	p.filter_mode = filter_mode;
	p.rt_protocol = rt_protocol;
	p.mcast_gc = new net_bridge_mcast_gc(() => {
		br_multicast_destroy_port_group(p);
	});

	if (!br_multicast_is_star_g(group)) {
		if (rhashtable_lookup(sg_port_tbl, p.key, br_sg_port_rht_params) !== null) return null;
		rhashtable_insert_fast(sg_port_tbl, p);
	}

	p.next = next;
	p.timer = timer_setup(machine, () => {
		br_multicast_port_group_expired(p);
	});
	p.rexmit_timer = timer_setup(machine, () => {
		br_multicast_port_group_rexmit(p);
	});
	hlist_add_head(p.mglist, port.mglist);

	if (src !== null) ether_addr_copy(p.eth_addr, 0, src, 0);
	else p.eth_addr.fill(0xff);
	return p;
}

/**
 * The bridge's host joins a group, or stays in it.
 * @kernel net/bridge/br_multicast.c:1197 (v5.10)
 */
export function br_multicast_host_join(mp: net_bridge_mdb_entry, notify: boolean): void {
	const { br } = mp;
	if (!mp.host_joined) {
		mp.host_joined = true;
		if (br_multicast_is_star_g(mp.addr)) br_multicast_star_g_host_state(mp);
		if (notify) br_mdb_notify(br.dev, mp, null, RTM_NEWMDB);
	}
	mod_timer(mp.timer, br.machine.jiffies + br.multicast_membership_interval);
}

/**
 * The bridge's host leaves a group.
 * @kernel net/bridge/br_multicast.c:1209 (v5.10)
 */
export function br_multicast_host_leave(mp: net_bridge_mdb_entry, notify: boolean): void {
	if (!mp.host_joined) return;

	mp.host_joined = false;
	if (br_multicast_is_star_g(mp.addr)) br_multicast_star_g_host_state(mp);
	if (notify) br_mdb_notify(mp.br.dev, mp, null, RTM_DELMDB);
}

/**
 * Adds a port, or the host, to a group.
 * @param port null for the bridge's host
 * @param src station that asked
 * @param filter_mode MCAST_INCLUDE or MCAST_EXCLUDE
 * @param igmpv2_mldv1 the membership has a timer of its own
 * @param blocked a source's entry that blocks
 * @returns null for the host, or when nothing was to be done; a negative errno
 * @kernel net/bridge/br_multicast.c:1222 (v5.10)
 */
function __br_multicast_add_group(
	br: net_bridge,
	port: net_bridge_port | null,
	group: br_ip,
	src: Uint8Array,
	filter_mode: number,
	igmpv2_mldv1: boolean,
	blocked: boolean,
): net_bridge_port_group | null | number {
	const now = br.machine.jiffies;
	if (!netif_running(br.dev) || (port !== null && port.state === BR_STATE_DISABLED)) return null;

	const mp = br_multicast_new_group(br, group);
	if (typeof mp === 'number') return mp;

	if (port === null) {
		br_multicast_host_join(mp, true);
		return null;
	}

	let p: net_bridge_port_group | null;
	found: {
		let pp: net_bridge_port_group | null = null;
		for (p = mp.ports; p !== null; pp = p, p = p.next) {
			if (br_port_group_equal(p, port, src)) break found;
			if (p.port.order < port.order) break;
		}

		p = br_multicast_new_port_group(port, group, p, 0, src, filter_mode, RTPROT_KERNEL);
		if (p === null) return -ENOMEM;
		set_place(mp, pp, p);
		if (blocked) p.flags |= MDB_PG_FLAGS_BLOCKED;
		br_mdb_notify(br.dev, mp, p, RTM_NEWMDB);
	}
	if (igmpv2_mldv1) mod_timer(p.timer, now + br.multicast_membership_interval);
	return p;
}

/**
 * Adds a port, or the host, to a group.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_multicast.c:1276 (v5.10)
 */
function br_multicast_add_group(
	br: net_bridge,
	port: net_bridge_port | null,
	group: br_ip,
	src: Uint8Array,
	filter_mode: number,
	igmpv2_mldv1: boolean,
): number {
	const pg = __br_multicast_add_group(br, port, group, src, filter_mode, igmpv2_mldv1, false);
	return typeof pg === 'number' ? pg : 0;
}

/**
 * Adds a port, or the host, to an IPv4 group; 224.0.0.0/24 is not kept.
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_multicast.c:1296 (v5.10)
 */
function br_ip4_multicast_add_group(
	br: net_bridge,
	port: net_bridge_port | null,
	group: __be32,
	vid: u16,
	src: Uint8Array,
	igmpv2: boolean,
): number {
	if (ipv4_is_local_multicast(group)) return 0;

	const br_group = new br_ip().init(ETH_P_IP, vid).set_dst_ip4(group);
	const filter_mode = igmpv2 ? MCAST_EXCLUDE : MCAST_INCLUDE;
	return br_multicast_add_group(br, port, br_group, src, filter_mode, igmpv2);
}

/**
 * Adds a port, or the host, to an IPv6 group; ff02::1 is not kept.
 * @param off where the group's address stands in head
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_multicast.c:1320 (v5.10)
 */
function br_ip6_multicast_add_group(
	br: net_bridge,
	port: net_bridge_port | null,
	head: Uint8Array,
	off: number,
	vid: u16,
	src: Uint8Array,
	mldv1: boolean,
): number {
	if (ipv6_addr_is_ll_all_nodes(head, off)) return 0;

	const br_group = new br_ip().init(ETH_P_IPV6, vid).set_dst(head, off, 16);
	const filter_mode = mldv1 ? MCAST_EXCLUDE : MCAST_INCLUDE;
	return br_multicast_add_group(br, port, br_group, src, filter_mode, mldv1);
}

/**
 * A router behind a port was silent for too long.
 * @kernel net/bridge/br_multicast.c:1344 (v5.10)
 */
function br_multicast_router_expired(port: net_bridge_port): void {
	if (
		port.multicast_router === MDB_RTR_TYPE_DISABLED ||
		port.multicast_router === MDB_RTR_TYPE_PERM ||
		timer_pending(port.multicast_router_timer)
	)
		return;
	__del_port_router(port);
}

/**
 * The bridge itself is no router any more. Only switches are told.
 * @kernel net/bridge/br_multicast.c:1374 (v5.10)
 */
function br_multicast_local_router_expired(_br: net_bridge): void {}

/**
 * Another querier was silent for too long: the bridge asks itself.
 * @kernel net/bridge/br_multicast.c:1389 (v5.10)
 */
function br_multicast_querier_expired(br: net_bridge, query: bridge_mcast_own_query): void {
	if (!netif_running(br.dev) || !br.multicast_enabled) return;
	br_multicast_start_querier(br, query);
}

/**
 * Another querier of IGMP was silent for too long.
 * @kernel net/bridge/br_multicast.c:1402 (v5.10)
 */
function br_ip4_multicast_querier_expired(br: net_bridge): void {
	br_multicast_querier_expired(br, br.ip4_own_query);
}

/**
 * Another querier of MLD was silent for too long.
 * @kernel net/bridge/br_multicast.c:1410 (v5.10)
 */
function br_ip6_multicast_querier_expired(br: net_bridge): void {
	br_multicast_querier_expired(br, br.ip6_own_query);
}

/**
 * The bridge's own query makes it the querier.
 * @kernel net/bridge/br_multicast.c:1418 (v5.10)
 */
function br_multicast_select_own_querier(br: net_bridge, ip: br_ip, skb: sk_buff): void {
	if (ip.proto === ETH_P_IP)
		br.ip4_querier.addr.set_src(skb.head, skb.network_header + IPHDR_saddr, 4);
	else br.ip6_querier.addr.set_src(skb.head, skb.network_header + IPV6HDR_saddr, 16);
}

/**
 * Sends a query out of a port, or to the bridge's host.
 * @param port null for the host
 * @param pg the port's group that is asked for, or null
 * @param ip_dst whom to ask, null for all
 * @param sflag suppress: then also sources of the other kind are asked for
 * @returns whether some source is to be asked for again
 * @kernel net/bridge/br_multicast.c:1430 (v5.10)
 */
function __br_multicast_send_query(
	br: net_bridge,
	port: net_bridge_port | null,
	pg: net_bridge_port_group | null,
	ip_dst: br_ip | null,
	group: br_ip,
	with_srcs: boolean,
	sflag: number,
): boolean {
	const args = new query_args();
	args.with_srcs = with_srcs;
	args.sflag = sflag;
	args.over_lmqt = sflag !== 0;
	for (;;) {
		const skb = br_multicast_alloc_query(br, pg, ip_dst, group, args);
		if (skb === null) return args.need_rexmit;

		if (port === null) {
			br_multicast_select_own_querier(br, group, skb);
			br_multicast_count(br, port, skb, args.igmp_type, BR_MCAST_DIR_RX);
			netif_rx(skb);
			return args.need_rexmit;
		}
		const { dev } = port;
		skb.dev = dev;
		br_multicast_count(br, port, skb, args.igmp_type, BR_MCAST_DIR_TX);
		NF_HOOK(
			NFPROTO_BRIDGE,
			NF_BR_LOCAL_OUT,
			dev.nd_net,
			null,
			skb,
			null,
			dev,
			br_dev_queue_push_xmit,
		);

		if (!args.over_lmqt || !with_srcs || sflag === 0) return args.need_rexmit;
		args.over_lmqt = false;
	}
}

/**
 * Sends a general query when the bridge is the querier, and plans the next.
 * @param port null for the bridge's host
 * @kernel net/bridge/br_multicast.c:1470 (v5.10)
 */
function br_multicast_send_query(
	br: net_bridge,
	port: net_bridge_port | null,
	own_query: bridge_mcast_own_query,
): void {
	if (!netif_running(br.dev) || !br.multicast_enabled || !br.multicast_querier) return;

	const v4 = own_query === (port !== null ? port.ip4_own_query : br.ip4_own_query);
	const other_query = v4 ? br.ip4_other_query : br.ip6_other_query;
	const br_group = new br_ip().init(v4 ? ETH_P_IP : ETH_P_IPV6, 0);

	if (timer_pending(other_query.timer)) return;

	__br_multicast_send_query(br, port, null, null, br_group, false, 0);

	mod_timer(
		own_query.timer,
		br.machine.jiffies +
			(own_query.startup_sent < br.multicast_startup_query_count
				? br.multicast_startup_query_interval
				: br.multicast_query_interval),
	);
}

/**
 * Time for a query out of a port.
 * @kernel net/bridge/br_multicast.c:1510 (v5.10)
 */
function br_multicast_port_query_expired(
	port: net_bridge_port,
	query: bridge_mcast_own_query,
): void {
	const { br } = port;
	if (port.state === BR_STATE_DISABLED || port.state === BR_STATE_BLOCKING) return;

	if (query.startup_sent < br.multicast_startup_query_count) query.startup_sent++;

	br_multicast_send_query(br, port, query);
}

/**
 * Time for a query of IGMP out of a port.
 * @kernel net/bridge/br_multicast.c:1529 (v5.10)
 */
function br_ip4_multicast_port_query_expired(port: net_bridge_port): void {
	br_multicast_port_query_expired(port, port.ip4_own_query);
}

/**
 * Time for a query of MLD out of a port.
 * @kernel net/bridge/br_multicast.c:1537 (v5.10)
 */
function br_ip6_multicast_port_query_expired(port: net_bridge_port): void {
	br_multicast_port_query_expired(port, port.ip6_own_query);
}

/**
 * Time to ask for a port's group, or for sources of it, again.
 * @kernel net/bridge/br_multicast.c:1545 (v5.10)
 */
function br_multicast_port_group_rexmit(pg: net_bridge_port_group): void {
	const { br } = pg.port;
	if (
		!netif_running(br.dev) ||
		hlist_unhashed(pg.mglist) ||
		!br.multicast_enabled ||
		!br.multicast_querier
	)
		return;

	if (timer_pending(other_query_of(pg).timer)) return;

	if (pg.grp_query_rexmit_cnt !== 0) {
		pg.grp_query_rexmit_cnt--;
		__br_multicast_send_query(br, pg.port, pg, pg.addr, pg.addr, false, 1);
	}
	const need_rexmit = __br_multicast_send_query(br, pg.port, pg, pg.addr, pg.addr, true, 0);

	if (pg.grp_query_rexmit_cnt !== 0 || need_rexmit)
		mod_timer(pg.rexmit_timer, br.machine.jiffies + br.multicast_last_member_interval);
}

/**
 * Queries of others, of a group's protocol.
 * @kernel PORT: a choice in three functions
 */
function other_query_of(pg: net_bridge_port_group): bridge_mcast_other_query {
	const { br } = pg.port;
	return pg.addr.proto === ETH_P_IP ? br.ip4_other_query : br.ip6_other_query;
}

/**
 * Begins a port.
 * @returns 0
 * @kernel net/bridge/br_multicast.c:1595 (v5.10)
 */
export function br_multicast_add_port(port: net_bridge_port): number {
	const m = port.br.machine;
	port.multicast_router = MDB_RTR_TYPE_TEMP_QUERY;
	port.multicast_router_timer = timer_setup(m, () => {
		br_multicast_router_expired(port);
	});
	port.ip4_own_query.timer = timer_setup(m, () => {
		br_ip4_multicast_port_query_expired(port);
	});
	port.ip6_own_query.timer = timer_setup(m, () => {
		br_ip6_multicast_port_query_expired(port);
	});
	return 0;
}

/**
 * Ends a port. Only permanent groups are left by then.
 * @kernel net/bridge/br_multicast.c:1617 (v5.10)
 */
export function br_multicast_del_port(port: net_bridge_port): void {
	const { br } = port;
	for (let n = port.mglist.first; n !== null;) {
		const next: hlist_node<net_bridge_port_group> | null = n.next;
		br_multicast_find_del_pg(br, n.item);
		n = next;
	}
	br_multicast_gc(br);
	del_timer(port.multicast_router_timer);
}

/**
 * Starts queries from the beginning.
 * @kernel net/bridge/br_multicast.c:1635 (v5.10)
 */
function br_multicast_enable(query: bridge_mcast_own_query): void {
	query.startup_sent = 0;
	mod_timer(query.timer, query.timer.machine.jiffies);
}

/**
 * Starts a port.
 * @kernel net/bridge/br_multicast.c:1644 (v5.10)
 */
function __br_multicast_enable_port(port: net_bridge_port): void {
	const { br } = port;
	if (!br.multicast_enabled || !netif_running(br.dev)) return;

	br_multicast_enable(port.ip4_own_query);
	br_multicast_enable(port.ip6_own_query);
	if (port.multicast_router === MDB_RTR_TYPE_PERM && hlist_unhashed(port.rlist))
		br_multicast_add_router(br, port);
}

/**
 * Starts a port.
 * @kernel net/bridge/br_multicast.c:1660 (v5.10)
 */
export function br_multicast_enable_port(port: net_bridge_port): void {
	__br_multicast_enable_port(port);
}

/**
 * Stops a port: its groups go, but for permanent ones, and it has no router any more.
 * @kernel net/bridge/br_multicast.c:1669 (v5.10)
 */
export function br_multicast_disable_port(port: net_bridge_port): void {
	const { br } = port;
	for (let n = port.mglist.first; n !== null;) {
		const next: hlist_node<net_bridge_port_group> | null = n.next;
		if ((n.item.flags & MDB_PG_FLAGS_PERMANENT) === 0) br_multicast_find_del_pg(br, n.item);
		n = next;
	}

	__del_port_router(port);

	del_timer(port.multicast_router_timer);
	del_timer(port.ip4_own_query.timer);
	del_timer(port.ip6_own_query.timer);
}

/**
 * Takes away the sources that are marked for it.
 * @returns how many
 * @kernel net/bridge/br_multicast.c:1690 (v5.10)
 */
function __grp_src_delete_marked(pg: net_bridge_port_group): number {
	let deleted = 0;
	for (let n = pg.src_list.first; n !== null;) {
		const tmp: hlist_node<net_bridge_group_src> | null = n.next;
		if ((n.item.flags & BR_SGRP_F_DELETE) !== 0) {
			br_multicast_del_group_src(n.item);
			deleted++;
		}
		n = tmp;
	}
	return deleted;
}

/**
 * Sets a source's timer: its traffic passes.
 * @param expires jiffies
 * @kernel net/bridge/br_multicast.c:1705 (v5.10)
 */
function __grp_src_mod_timer(src: net_bridge_group_src, expires: number): void {
	mod_timer(src.timer, expires);
	br_multicast_fwd_src_handle(src);
}

/**
 * Asks for the sources that are marked for it, which then have little time left.
 * @kernel net/bridge/br_multicast.c:1712 (v5.10)
 */
function __grp_src_query_marked_and_rexmit(pg: net_bridge_port_group): void {
	const { br } = pg.port;
	const now = br.machine.jiffies;
	if (!netif_running(br.dev) || !br.multicast_enabled) return;

	const other_query = other_query_of(pg);
	const lmqt = now + br_multicast_lmqt(br);
	for (let n = pg.src_list.first; n !== null; n = n.next) {
		const ent = n.item;
		if ((ent.flags & BR_SGRP_F_SEND) === 0) continue;
		ent.flags &= ~BR_SGRP_F_SEND;
		if (ent.timer.expires > lmqt) {
			if (br.multicast_querier && !timer_pending(other_query.timer))
				ent.src_query_rexmit_cnt = br.multicast_last_member_count;
			__grp_src_mod_timer(ent, lmqt);
		}
	}

	if (!br.multicast_querier || timer_pending(other_query.timer)) return;

	__br_multicast_send_query(br, pg.port, pg, pg.addr, pg.addr, true, 1);

	const lmi = now + br.multicast_last_member_interval;
	if (!timer_pending(pg.rexmit_timer) || time_after(pg.rexmit_timer.expires, lmi))
		mod_timer(pg.rexmit_timer, lmi);
}

/**
 * Asks for a port's group, which then has little time left.
 * @kernel net/bridge/br_multicast.c:1758 (v5.10)
 */
function __grp_send_query_and_rexmit(pg: net_bridge_port_group): void {
	const { br } = pg.port;
	const now = br.machine.jiffies;
	if (!netif_running(br.dev) || !br.multicast_enabled) return;

	if (br.multicast_querier && !timer_pending(other_query_of(pg).timer)) {
		const lmi = now + br.multicast_last_member_interval;
		pg.grp_query_rexmit_cnt = br.multicast_last_member_count - 1;
		__br_multicast_send_query(br, pg.port, pg, pg.addr, pg.addr, false, 0);
		if (!timer_pending(pg.rexmit_timer) || time_after(pg.rexmit_timer.expires, lmi))
			mod_timer(pg.rexmit_timer, lmi);
	}

	const end = now + br_multicast_lmqt(br);
	if (
		pg.filter_mode === MCAST_EXCLUDE &&
		(!timer_pending(pg.timer) || time_after(pg.timer.expires, end))
	)
		mod_timer(pg.timer, end);
}

/** The sources of a record of a report. */
class report_srcs {
	readonly head: Uint8Array;
	readonly off: number;
	readonly nsrcs: number;
	/** 4 or 16 bytes. */
	readonly src_size: number;
	readonly #ip = new br_ip();

	constructor(
		pg: net_bridge_port_group,
		head: Uint8Array,
		off: number,
		nsrcs: number,
		src_size: number,
	) {
		this.head = head;
		this.off = off;
		this.nsrcs = nsrcs;
		this.src_size = src_size;
		this.#ip.init(pg.addr.proto, 0);
	}

	/** The source of a number, until the next is asked for. */
	get(i: number): br_ip {
		return this.#ip.set_src(this.head, this.off + i * this.src_size, this.src_size);
	}
}

/**
 * Sources are wanted (IS_IN, ALLOW): B is added, or leaves what is blocked, for the time of a membership.
 * @returns whether something changed
 * @kernel net/bridge/br_multicast.c:1797 (v5.10)
 */
function br_multicast_isinc_allow(pg: net_bridge_port_group, srcs: report_srcs): boolean {
	const { br } = pg.port;
	const now = br.machine.jiffies;
	let changed = false;
	for (let i = 0; i < srcs.nsrcs; i++) {
		const src_ip = srcs.get(i);
		let ent = br_multicast_find_group_src(pg, src_ip);
		if (ent === null) {
			ent = br_multicast_new_group_src(pg, src_ip);
			if (ent !== null) changed = true;
		}
		if (ent !== null) __grp_src_mod_timer(ent, now + br_multicast_gmi(br));
	}
	return changed;
}

/**
 * What included A excludes B (IS_EX): A and B stay, the rest of B is blocked, the rest of A goes.
 * @kernel net/bridge/br_multicast.c:1831 (v5.10)
 */
function __grp_src_isexc_incl(pg: net_bridge_port_group, srcs: report_srcs): void {
	for (let n = pg.src_list.first; n !== null; n = n.next) n.item.flags |= BR_SGRP_F_DELETE;

	for (let i = 0; i < srcs.nsrcs; i++) {
		const src_ip = srcs.get(i);
		let ent = br_multicast_find_group_src(pg, src_ip);
		if (ent !== null) ent.flags &= ~BR_SGRP_F_DELETE;
		else ent = br_multicast_new_group_src(pg, src_ip);
		if (ent !== null) br_multicast_fwd_src_handle(ent);
	}

	__grp_src_delete_marked(pg);
}

/**
 * What excluded now excludes A (IS_EX): the new of A pass for the time of a membership, what is not of A goes.
 * @returns whether something changed
 * @kernel net/bridge/br_multicast.c:1864 (v5.10)
 */
function __grp_src_isexc_excl(pg: net_bridge_port_group, srcs: report_srcs): boolean {
	const { br } = pg.port;
	const now = br.machine.jiffies;
	let changed = false;
	for (let n = pg.src_list.first; n !== null; n = n.next) n.item.flags |= BR_SGRP_F_DELETE;

	for (let i = 0; i < srcs.nsrcs; i++) {
		const src_ip = srcs.get(i);
		let ent = br_multicast_find_group_src(pg, src_ip);
		if (ent !== null) {
			ent.flags &= ~BR_SGRP_F_DELETE;
		} else {
			ent = br_multicast_new_group_src(pg, src_ip);
			if (ent !== null) {
				__grp_src_mod_timer(ent, now + br_multicast_gmi(br));
				changed = true;
			}
		}
	}

	if (__grp_src_delete_marked(pg) !== 0) changed = true;
	return changed;
}

/**
 * A group excludes sources (IS_EX).
 * @returns whether something changed
 * @kernel net/bridge/br_multicast.c:1901 (v5.10)
 */
function br_multicast_isexc(pg: net_bridge_port_group, srcs: report_srcs): boolean {
	const { br } = pg.port;
	let changed = false;
	switch (pg.filter_mode) {
		case MCAST_INCLUDE:
			__grp_src_isexc_incl(pg, srcs);
			br_multicast_star_g_handle_mode(pg, MCAST_EXCLUDE);
			changed = true;
			break;
		case MCAST_EXCLUDE:
			changed = __grp_src_isexc_excl(pg, srcs);
			break;
	}

	pg.filter_mode = MCAST_EXCLUDE;
	mod_timer(pg.timer, br.machine.jiffies + br_multicast_gmi(br));
	return changed;
}

/**
 * What included A includes B (TO_IN): B is added; A without B is asked for.
 * @returns whether something changed
 * @kernel net/bridge/br_multicast.c:1928 (v5.10)
 */
function __grp_src_toin_incl(pg: net_bridge_port_group, srcs: report_srcs): boolean {
	const { br } = pg.port;
	const now = br.machine.jiffies;
	let to_send = pg.src_ents;
	let changed = false;
	for (let n = pg.src_list.first; n !== null; n = n.next) n.item.flags |= BR_SGRP_F_SEND;

	for (let i = 0; i < srcs.nsrcs; i++) {
		const src_ip = srcs.get(i);
		let ent = br_multicast_find_group_src(pg, src_ip);
		if (ent !== null) {
			ent.flags &= ~BR_SGRP_F_SEND;
			to_send--;
		} else {
			ent = br_multicast_new_group_src(pg, src_ip);
			if (ent !== null) changed = true;
		}
		if (ent !== null) __grp_src_mod_timer(ent, now + br_multicast_gmi(br));
	}

	if (to_send !== 0) __grp_src_query_marked_and_rexmit(pg);
	return changed;
}

/**
 * What excluded includes A (TO_IN): A passes; what else passed, and the group itself, are asked for.
 * @returns whether something changed
 * @kernel net/bridge/br_multicast.c:1970 (v5.10)
 */
function __grp_src_toin_excl(pg: net_bridge_port_group, srcs: report_srcs): boolean {
	const { br } = pg.port;
	const now = br.machine.jiffies;
	let to_send = pg.src_ents;
	let changed = false;
	for (let n = pg.src_list.first; n !== null; n = n.next)
		if (timer_pending(n.item.timer)) n.item.flags |= BR_SGRP_F_SEND;

	for (let i = 0; i < srcs.nsrcs; i++) {
		const src_ip = srcs.get(i);
		let ent = br_multicast_find_group_src(pg, src_ip);
		if (ent !== null) {
			if (timer_pending(ent.timer)) {
				ent.flags &= ~BR_SGRP_F_SEND;
				to_send--;
			}
		} else {
			ent = br_multicast_new_group_src(pg, src_ip);
			if (ent !== null) changed = true;
		}
		if (ent !== null) __grp_src_mod_timer(ent, now + br_multicast_gmi(br));
	}

	if (to_send !== 0) __grp_src_query_marked_and_rexmit(pg);

	__grp_send_query_and_rexmit(pg);
	return changed;
}

/**
 * A group turns to including sources (TO_IN).
 * @returns whether something changed
 * @kernel net/bridge/br_multicast.c:2012 (v5.10)
 */
function br_multicast_toin(pg: net_bridge_port_group, srcs: report_srcs): boolean {
	switch (pg.filter_mode) {
		case MCAST_INCLUDE:
			return __grp_src_toin_incl(pg, srcs);
		case MCAST_EXCLUDE:
			return __grp_src_toin_excl(pg, srcs);
	}
	return false;
}

/**
 * What included A turns to excluding B (TO_EX): A and B are asked for, the rest of B is blocked, the rest of A
 * goes.
 * @kernel net/bridge/br_multicast.c:2035 (v5.10)
 */
function __grp_src_toex_incl(pg: net_bridge_port_group, srcs: report_srcs): void {
	let to_send = 0;
	for (let n = pg.src_list.first; n !== null; n = n.next)
		n.item.flags = (n.item.flags & ~BR_SGRP_F_SEND) | BR_SGRP_F_DELETE;

	for (let i = 0; i < srcs.nsrcs; i++) {
		const src_ip = srcs.get(i);
		let ent = br_multicast_find_group_src(pg, src_ip);
		if (ent !== null) {
			ent.flags = (ent.flags & ~BR_SGRP_F_DELETE) | BR_SGRP_F_SEND;
			to_send++;
		} else {
			ent = br_multicast_new_group_src(pg, src_ip);
		}
		if (ent !== null) br_multicast_fwd_src_handle(ent);
	}

	__grp_src_delete_marked(pg);
	if (to_send !== 0) __grp_src_query_marked_and_rexmit(pg);
}

/**
 * What excluded turns to excluding A (TO_EX): what of A passes is asked for, what is not of A goes.
 * @returns whether something changed
 * @kernel net/bridge/br_multicast.c:2074 (v5.10)
 */
function __grp_src_toex_excl(pg: net_bridge_port_group, srcs: report_srcs): boolean {
	let to_send = 0;
	let changed = false;
	for (let n = pg.src_list.first; n !== null; n = n.next)
		n.item.flags = (n.item.flags & ~BR_SGRP_F_SEND) | BR_SGRP_F_DELETE;

	for (let i = 0; i < srcs.nsrcs; i++) {
		const src_ip = srcs.get(i);
		let ent = br_multicast_find_group_src(pg, src_ip);
		if (ent !== null) {
			ent.flags &= ~BR_SGRP_F_DELETE;
		} else {
			ent = br_multicast_new_group_src(pg, src_ip);
			if (ent !== null) {
				__grp_src_mod_timer(ent, pg.timer.expires);
				changed = true;
			}
		}
		if (ent !== null && timer_pending(ent.timer)) {
			ent.flags |= BR_SGRP_F_SEND;
			to_send++;
		}
	}

	if (__grp_src_delete_marked(pg) !== 0) changed = true;
	if (to_send !== 0) __grp_src_query_marked_and_rexmit(pg);
	return changed;
}

/**
 * A group turns to excluding sources (TO_EX).
 * @returns whether something changed
 * @kernel net/bridge/br_multicast.c:2114 (v5.10)
 */
function br_multicast_toex(pg: net_bridge_port_group, srcs: report_srcs): boolean {
	const { br } = pg.port;
	let changed = false;
	switch (pg.filter_mode) {
		case MCAST_INCLUDE:
			__grp_src_toex_incl(pg, srcs);
			br_multicast_star_g_handle_mode(pg, MCAST_EXCLUDE);
			changed = true;
			break;
		case MCAST_EXCLUDE:
			changed = __grp_src_toex_excl(pg, srcs);
			break;
	}

	pg.filter_mode = MCAST_EXCLUDE;
	mod_timer(pg.timer, br.machine.jiffies + br_multicast_gmi(br));
	return changed;
}

/**
 * What includes A no longer wants B (BLOCK): A and B are asked for.
 * @kernel net/bridge/br_multicast.c:2140 (v5.10)
 */
function __grp_src_block_incl(pg: net_bridge_port_group, srcs: report_srcs): void {
	let to_send = 0;
	for (let n = pg.src_list.first; n !== null; n = n.next) n.item.flags &= ~BR_SGRP_F_SEND;

	for (let i = 0; i < srcs.nsrcs; i++) {
		const ent = br_multicast_find_group_src(pg, srcs.get(i));
		if (ent !== null) {
			ent.flags |= BR_SGRP_F_SEND;
			to_send++;
		}
	}

	if (to_send !== 0) __grp_src_query_marked_and_rexmit(pg);

	if (pg.filter_mode === MCAST_INCLUDE && hlist_empty(pg.src_list))
		br_multicast_find_del_pg(pg.port.br, pg);
}

/**
 * What excludes no longer wants A (BLOCK): what of A passes is asked for.
 * @returns whether something changed
 * @kernel net/bridge/br_multicast.c:2173 (v5.10)
 */
function __grp_src_block_excl(pg: net_bridge_port_group, srcs: report_srcs): boolean {
	let to_send = 0;
	let changed = false;
	for (let n = pg.src_list.first; n !== null; n = n.next) n.item.flags &= ~BR_SGRP_F_SEND;

	for (let i = 0; i < srcs.nsrcs; i++) {
		const src_ip = srcs.get(i);
		let ent = br_multicast_find_group_src(pg, src_ip);
		if (ent === null) {
			ent = br_multicast_new_group_src(pg, src_ip);
			if (ent !== null) {
				__grp_src_mod_timer(ent, pg.timer.expires);
				changed = true;
			}
		}
		if (ent !== null && timer_pending(ent.timer)) {
			ent.flags |= BR_SGRP_F_SEND;
			to_send++;
		}
	}

	if (to_send !== 0) __grp_src_query_marked_and_rexmit(pg);
	return changed;
}

/**
 * Sources are no longer wanted (BLOCK).
 * @returns whether something changed
 * @kernel net/bridge/br_multicast.c:2209 (v5.10)
 */
function br_multicast_block(pg: net_bridge_port_group, srcs: report_srcs): boolean {
	switch (pg.filter_mode) {
		case MCAST_INCLUDE:
			__grp_src_block_incl(pg, srcs);
			return false;
		case MCAST_EXCLUDE:
			return __grp_src_block_excl(pg, srcs);
	}
	return false;
}

/**
 * Finds a port in an entry.
 * @kernel net/bridge/br_multicast.c:2227 (v5.10)
 */
function br_multicast_find_port(
	mp: net_bridge_mdb_entry,
	p: net_bridge_port,
	src: Uint8Array,
): net_bridge_port_group | null {
	for (let pg = mp.ports; pg !== null; pg = pg.next)
		if (br_port_group_equal(pg, p, src)) return pg;
	return null;
}

/**
 * Takes a report of IGMPv3, record by record.
 * @param port null for the bridge's host
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_multicast.c:2243 (v5.10)
 */
function br_ip4_multicast_igmp3_report(
	br: net_bridge,
	port: net_bridge_port | null,
	skb: sk_buff,
	vid: u16,
): number {
	const igmpv2 = br.multicast_igmp_version === 2;
	const num = get_unaligned_be16(skb.head, skb.transport_header + IGMPV3_REPORT_ngrec);
	let len = skb_transport_offset(skb) + IGMPV3_REPORT_LEN;
	let changed = false;
	let err = 0;

	for (let i = 0; i < num; i++) {
		len += IGMPV3_GREC_LEN;
		if (!ip_mc_may_pull(skb, len)) return -EINVAL;

		let grec = skb.data + len - IGMPV3_GREC_LEN;
		const group = get_unaligned_be32(skb.head, grec + IGMPV3_GREC_mca);
		const type = skb.head[grec + IGMPV3_GREC_type];
		const nsrcs = get_unaligned_be16(skb.head, grec + IGMPV3_GREC_nsrcs);

		len += nsrcs * 4;
		if (!ip_mc_may_pull(skb, len)) return -EINVAL;

		if (type < IGMPV3_MODE_IS_INCLUDE || type > IGMPV3_BLOCK_OLD_SOURCES) continue;

		const src = h_source(skb);
		if (
			nsrcs === 0 &&
			(type === IGMPV3_CHANGE_TO_INCLUDE || type === IGMPV3_MODE_IS_INCLUDE)
		) {
			if (port === null || igmpv2) {
				br_ip4_multicast_leave_group(br, port, group, vid, src);
				continue;
			}
		} else {
			err = br_ip4_multicast_add_group(br, port, group, vid, src, igmpv2);
			if (err !== 0) break;
		}

		if (port === null || igmpv2) continue;

		const mdst = br_mdb_ip4_get(br, group, vid);
		if (mdst === null) continue;
		const pg = br_multicast_find_port(mdst, port, src);
		if (pg === null || (pg.flags & MDB_PG_FLAGS_PERMANENT) !== 0) continue;
		grec = skb.data + len - IGMPV3_GREC_LEN - nsrcs * 4;
		const srcs = new report_srcs(pg, skb.head, grec + IGMPV3_GREC_src, nsrcs, 4);
		switch (type) {
			case IGMPV3_ALLOW_NEW_SOURCES:
			case IGMPV3_MODE_IS_INCLUDE:
				changed = br_multicast_isinc_allow(pg, srcs);
				break;
			case IGMPV3_MODE_IS_EXCLUDE:
				changed = br_multicast_isexc(pg, srcs);
				break;
			case IGMPV3_CHANGE_TO_INCLUDE:
				changed = br_multicast_toin(pg, srcs);
				break;
			case IGMPV3_CHANGE_TO_EXCLUDE:
				changed = br_multicast_toex(pg, srcs);
				break;
			case IGMPV3_BLOCK_OLD_SOURCES:
				changed = br_multicast_block(pg, srcs);
				break;
		}
		if (changed) br_mdb_notify(br.dev, mdst, pg, RTM_NEWMDB);
	}
	return err;
}

/**
 * Takes a report of MLDv2, record by record.
 * @param port null for the bridge's host
 * @returns 0 or a negative errno
 * @kernel net/bridge/br_multicast.c:2354 (v5.10)
 */
function br_ip6_multicast_mld2_report(
	br: net_bridge,
	port: net_bridge_port | null,
	skb: sk_buff,
	vid: u16,
): number {
	const mldv1 = br.multicast_mld_version === 1;
	let changed = false;
	let err = 0;

	if (!ipv6_mc_may_pull(skb, ICMP6HDR_LEN)) return -EINVAL;

	const num = get_unaligned_be16(skb.head, skb.transport_header + 6);
	let len = skb_transport_offset(skb) + ICMP6HDR_LEN;

	for (let i = 0; i < num; i++) {
		const nsrcs_offset = len + MLD2_GREC_nsrcs;
		if (skb_transport_offset(skb) + ipv6_transport_len(skb) < nsrcs_offset + 2) return -EINVAL;

		const _nsrcs = skb_header_pointer_off(skb, nsrcs_offset, 2);
		if (_nsrcs < 0) return -EINVAL;
		const nsrcs = get_unaligned_be16(skb.head, _nsrcs);
		const grec_len = MLD2_GREC_LEN + nsrcs * 16;
		if (!ipv6_mc_may_pull(skb, len + grec_len)) return -EINVAL;

		const grec = skb.data + len;
		const mca = grec + MLD2_GREC_mca;
		len += grec_len;

		const type = skb.head[grec + MLD2_GREC_type];
		if (type < MLD2_MODE_IS_INCLUDE || type > MLD2_BLOCK_OLD_SOURCES) continue;

		const src = h_source(skb);
		if (
			(type === MLD2_CHANGE_TO_INCLUDE || type === MLD2_MODE_IS_INCLUDE) &&
			nsrcs === 0
		) {
			if (port === null || mldv1) {
				br_ip6_multicast_leave_group(br, port, skb.head, mca, vid, src);
				continue;
			}
		} else {
			err = br_ip6_multicast_add_group(br, port, skb.head, mca, vid, src, mldv1);
			if (err !== 0) break;
		}

		if (port === null || mldv1) continue;

		const mdst = br_mdb_ip6_get(br, skb.head, mca, vid);
		if (mdst === null) continue;
		const pg = br_multicast_find_port(mdst, port, src);
		if (pg === null || (pg.flags & MDB_PG_FLAGS_PERMANENT) !== 0) continue;
		const srcs = new report_srcs(pg, skb.head, grec + MLD2_GREC_src, nsrcs, 16);
		switch (type) {
			case MLD2_ALLOW_NEW_SOURCES:
			case MLD2_MODE_IS_INCLUDE:
				changed = br_multicast_isinc_allow(pg, srcs);
				break;
			case MLD2_MODE_IS_EXCLUDE:
				changed = br_multicast_isexc(pg, srcs);
				break;
			case MLD2_CHANGE_TO_INCLUDE:
				changed = br_multicast_toin(pg, srcs);
				break;
			case MLD2_CHANGE_TO_EXCLUDE:
				changed = br_multicast_toex(pg, srcs);
				break;
			case MLD2_BLOCK_OLD_SOURCES:
				changed = br_multicast_block(pg, srcs);
				break;
		}
		if (changed) br_mdb_notify(br.dev, mdst, pg, RTM_NEWMDB);
	}
	return err;
}

/**
 * Chooses the querier of IGMP: the lowest address.
 * @returns whether this one is chosen
 * @kernel net/bridge/br_multicast.c:2480 (v5.10)
 */
function br_ip4_multicast_select_querier(
	br: net_bridge,
	port: net_bridge_port | null,
	saddr: __be32,
): boolean {
	const querier = br.ip4_querier;
	if (
		(timer_pending(br.ip4_own_query.timer) || timer_pending(br.ip4_other_query.timer)) &&
		querier.addr.src_ip4 !== 0 &&
		saddr > querier.addr.src_ip4
	)
		return false;

	querier.addr.set_src_ip4(saddr);
	querier.port = port;
	return true;
}

/**
 * Chooses the querier of MLD: the lowest address.
 * @returns whether this one is chosen
 * @kernel net/bridge/br_multicast.c:2506 (v5.10)
 */
function br_ip6_multicast_select_querier(
	br: net_bridge,
	port: net_bridge_port | null,
	saddr: in6_addr,
): boolean {
	const querier = br.ip6_querier;
	if (
		(timer_pending(br.ip6_own_query.timer) || timer_pending(br.ip6_other_query.timer)) &&
		ipv6_addr_cmp(saddr, querier.addr.src_ip6) > 0
	)
		return false;

	querier.addr.set_src(saddr, 0, 16);
	querier.port = port;
	return true;
}

/**
 * Chooses the querier.
 * @param saddr protocol and source
 * @returns whether this one is chosen
 * @kernel net/bridge/br_multicast.c:2529 (v5.10)
 */
function br_multicast_select_querier(
	br: net_bridge,
	port: net_bridge_port | null,
	saddr: br_ip,
): boolean {
	switch (saddr.proto) {
		case ETH_P_IP:
			return br_ip4_multicast_select_querier(br, port, saddr.src_ip4);
		case ETH_P_IPV6:
			return br_ip6_multicast_select_querier(br, port, saddr.src_ip6);
	}
	return false;
}

/**
 * Another querier was heard.
 * @param max_delay jiffies until all have answered
 * @kernel net/bridge/br_multicast.c:2546 (v5.10)
 */
function br_multicast_update_query_timer(
	br: net_bridge,
	query: bridge_mcast_other_query,
	max_delay: number,
): void {
	const { jiffies } = br.machine;
	if (!timer_pending(query.timer)) query.delay_time = jiffies + max_delay;
	mod_timer(query.timer, jiffies + br.multicast_querier_interval);
}

/**
 * Puts a port on the list of those with a router.
 * @kernel net/bridge/br_multicast.c:2574 (v5.10)
 */
function br_multicast_add_router(br: net_bridge, port: net_bridge_port): void {
	if (!hlist_unhashed(port.rlist)) return;

	let slot: hlist_node<net_bridge_port> | null = null;
	for (let n = br.router_list.first; n !== null; n = n.next) {
		if (port.order >= n.item.order) break;
		slot = n;
	}

	if (slot !== null) hlist_add_behind(port.rlist, slot);
	else hlist_add_head(port.rlist, br.router_list);
	br_rtr_notify(br.dev, port, RTM_NEWMDB);
}

/**
 * A router was heard behind a port, or on the bridge itself.
 * @param port null for the bridge
 * @kernel net/bridge/br_multicast.c:2597 (v5.10)
 */
function br_multicast_mark_router(br: net_bridge, port: net_bridge_port | null): void {
	const now = br.machine.jiffies;
	if (port === null) {
		if (br.multicast_router === MDB_RTR_TYPE_TEMP_QUERY)
			mod_timer(br.multicast_router_timer, now + br.multicast_querier_interval);
		return;
	}

	if (
		port.multicast_router === MDB_RTR_TYPE_DISABLED ||
		port.multicast_router === MDB_RTR_TYPE_PERM
	)
		return;

	br_multicast_add_router(br, port);

	mod_timer(port.multicast_router_timer, now + br.multicast_querier_interval);
}

/**
 * Takes a general query of another querier.
 * @param max_delay jiffies
 * @kernel net/bridge/br_multicast.c:2622 (v5.10)
 */
function br_multicast_query_received(
	br: net_bridge,
	port: net_bridge_port | null,
	query: bridge_mcast_other_query,
	saddr: br_ip,
	max_delay: number,
): void {
	if (!br_multicast_select_querier(br, port, saddr)) return;

	br_multicast_update_query_timer(br, query, max_delay);
	br_multicast_mark_router(br, port);
}

/**
 * A group is asked for: who does not answer has little time left.
 * @param old_version memberships have timers of their own
 * @param max_delay jiffies
 * @kernel PORT: the end of br_ip4_multicast_query() and its twin
 */
function group_queried(mp: net_bridge_mdb_entry, old_version: boolean, max_delay: number): void {
	const end = mp.br.machine.jiffies + max_delay;

	if (mp.host_joined && (!timer_pending(mp.timer) || time_after(mp.timer.expires, end)))
		mod_timer(mp.timer, end);

	for (let p = mp.ports; p !== null; p = p.next) {
		if (
			timer_pending(p.timer)
				? time_after(p.timer.expires, end)
				: old_version || p.filter_mode === MCAST_EXCLUDE
		)
			mod_timer(p.timer, end);
	}
}

/**
 * Takes a query of IGMP.
 * @param port null for the bridge's host
 * @kernel net/bridge/br_multicast.c:2635 (v5.10)
 */
function br_ip4_multicast_query(
	br: net_bridge,
	port: net_bridge_port | null,
	skb: sk_buff,
	vid: u16,
): void {
	const transport_len = ip_transport_len(skb);
	const ih = skb.transport_header;
	const h = skb.head;
	if (!netif_running(br.dev) || (port !== null && port.state === BR_STATE_DISABLED)) return;

	let group = get_unaligned_be32(h, ih + IGMPHDR_group);
	let max_delay: number;
	const code = h[ih + IGMPHDR_code];
	if (transport_len === IGMPHDR_LEN) {
		max_delay = code * (HZ / IGMP_TIMER_SCALE);
		if (max_delay === 0) {
			max_delay = 10 * HZ;
			group = htonl(0);
		}
	} else if (transport_len >= IGMPV3_QUERY_LEN) {
		if (
			get_unaligned_be16(h, ih + IGMPV3_QUERY_nsrcs) !== 0 ||
			(br.multicast_igmp_version === 3 &&
				group !== 0 &&
				(h[ih + IGMPV3_QUERY_qrv] & 0x8) !== 0)
		)
			return;
		max_delay = code !== 0 ? IGMPV3_MRC(code) * (HZ / IGMP_TIMER_SCALE) : 1;
	} else {
		return;
	}

	if (group === 0) {
		const saddr = new br_ip().init(ETH_P_IP, 0).set_src_ip4(ip_saddr(skb));
		br_multicast_query_received(br, port, br.ip4_other_query, saddr, max_delay);
		return;
	}

	const mp = br_mdb_ip4_get(br, group, vid);
	if (mp === null) return;

	group_queried(
		mp,
		br.multicast_igmp_version === 2,
		max_delay * br.multicast_last_member_count,
	);
}

/**
 * Takes a query of MLD.
 * @param port null for the bridge's host
 * @returns 0 or -EINVAL
 * @kernel net/bridge/br_multicast.c:2715 (v5.10)
 */
function br_ip6_multicast_query(
	br: net_bridge,
	port: net_bridge_port | null,
	skb: sk_buff,
	vid: u16,
): number {
	const transport_len = ipv6_transport_len(skb);
	const offset = skb_transport_offset(skb);
	if (!netif_running(br.dev) || (port !== null && port.state === BR_STATE_DISABLED)) return 0;

	/* where the group stands, -1 when none is asked for */
	let group = -1;
	let max_delay: number;
	if (transport_len === MLD_MSG_LEN) {
		if (!pskb_may_pull(skb, offset + MLD_MSG_LEN)) return -EINVAL;
		const mld = skb.transport_header;
		max_delay = msecs_to_jiffies(get_unaligned_be16(skb.head, mld + MLD_MSG_maxdelay));
		if (max_delay !== 0) group = mld + MLD_MSG_mca;
	} else {
		if (!pskb_may_pull(skb, offset + MLD2_QUERY_LEN)) return -EINVAL;
		const mld2q = skb.transport_header;
		if (get_unaligned_be16(skb.head, mld2q + MLD2_QUERY_nsrcs) === 0)
			group = mld2q + MLD2_QUERY_mca;
		if (
			br.multicast_mld_version === 2 &&
			!ipv6_addr_any(skb.head, mld2q + MLD2_QUERY_mca) &&
			(skb.head[mld2q + MLD2_QUERY_qrv] & 0x8) !== 0
		)
			return 0;
		max_delay = Math.max(msecs_to_jiffies(mldv2_mrc(skb.head, mld2q)), 1);
	}

	if (group < 0) return 0;
	if (ipv6_addr_any(skb.head, group)) {
		const saddr = new br_ip()
			.init(ETH_P_IPV6, 0)
			.set_src(skb.head, skb.network_header + IPV6HDR_saddr, 16);
		br_multicast_query_received(br, port, br.ip6_other_query, saddr, max_delay);
		return 0;
	}

	const mp = br_mdb_ip6_get(br, skb.head, group, vid);
	if (mp === null) return 0;

	group_queried(mp, br.multicast_mld_version === 1, max_delay * br.multicast_last_member_count);
	return 0;
}

/**
 * A port, or the host, leaves a group: at once on a port with fast leave, else when no other member answers.
 * @param port null for the bridge's host
 * @param src station that leaves
 * @kernel net/bridge/br_multicast.c:2806 (v5.10)
 */
function br_multicast_leave_group(
	br: net_bridge,
	port: net_bridge_port | null,
	group: br_ip,
	other_query: bridge_mcast_other_query,
	own_query: bridge_mcast_own_query,
	src: Uint8Array,
): void {
	if (!netif_running(br.dev) || (port !== null && port.state === BR_STATE_DISABLED)) return;

	const mp = br_mdb_ip_get(br, group);
	if (mp === null) return;

	if (port !== null && (port.flags & BR_MULTICAST_FAST_LEAVE) !== 0) {
		let pp: net_bridge_port_group | null = null;
		for (let p = mp.ports; p !== null; pp = p, p = p.next) {
			if (!br_port_group_equal(p, port, src)) continue;
			if ((p.flags & MDB_PG_FLAGS_PERMANENT) !== 0) break;
			p.flags |= MDB_PG_FLAGS_FAST_LEAVE;
			br_multicast_del_pg(mp, p, pp);
		}
		return;
	}

	if (timer_pending(other_query.timer)) return;

	const time =
		br.machine.jiffies + br.multicast_last_member_count * br.multicast_last_member_interval;
	const shorten = (p: net_bridge_port_group): void => {
		if (
			!hlist_unhashed(p.mglist) &&
			(!timer_pending(p.timer) || time_after(p.timer.expires, time))
		)
			mod_timer(p.timer, time);
	};

	if (br.multicast_querier) {
		__br_multicast_send_query(br, port, null, null, mp.addr, false, 0);

		mod_timer(own_query.timer, time);

		for (let p = mp.ports; p !== null; p = p.next) {
			if (!br_port_group_equal(p, port, src)) continue;
			shorten(p);
			break;
		}
	}

	if (port === null) {
		if (mp.host_joined && (!timer_pending(mp.timer) || time_after(mp.timer.expires, time)))
			mod_timer(mp.timer, time);
		return;
	}

	for (let p = mp.ports; p !== null; p = p.next) {
		if (p.port !== port) continue;
		shorten(p);
		break;
	}
}

/**
 * A port, or the host, leaves an IPv4 group.
 * @kernel net/bridge/br_multicast.c:2908 (v5.10)
 */
function br_ip4_multicast_leave_group(
	br: net_bridge,
	port: net_bridge_port | null,
	group: __be32,
	vid: u16,
	src: Uint8Array,
): void {
	if (ipv4_is_local_multicast(group)) return;

	const own_query = port !== null ? port.ip4_own_query : br.ip4_own_query;
	const br_group = new br_ip().init(ETH_P_IP, vid).set_dst_ip4(group);
	br_multicast_leave_group(br, port, br_group, br.ip4_other_query, own_query, src);
}

/**
 * A port, or the host, leaves an IPv6 group.
 * @param off where the group's address stands in head
 * @kernel net/bridge/br_multicast.c:2932 (v5.10)
 */
function br_ip6_multicast_leave_group(
	br: net_bridge,
	port: net_bridge_port | null,
	head: Uint8Array,
	off: number,
	vid: u16,
	src: Uint8Array,
): void {
	if (ipv6_addr_is_ll_all_nodes(head, off)) return;

	const own_query = port !== null ? port.ip6_own_query : br.ip6_own_query;
	const br_group = new br_ip().init(ETH_P_IPV6, vid).set_dst(head, off, 16);
	br_multicast_leave_group(br, port, br_group, br.ip6_other_query, own_query, src);
}

/**
 * Counts a broken message, when counting is on.
 * @kernel net/bridge/br_multicast.c:2956 (v5.10)
 */
function br_multicast_err_count(br: net_bridge, p: net_bridge_port | null, proto: number): void {
	if (!br.multicast_stats_enabled) return;

	const stats = p !== null ? p.mcast_stats : br.mcast_stats;
	switch (proto) {
		case ETH_P_IP:
			stats.igmp_parse_errors++;
			break;
		case ETH_P_IPV6:
			stats.mld_parse_errors++;
			break;
	}
}

/**
 * Takes a PIM message: a hello comes from a router.
 * @kernel net/bridge/br_multicast.c:2989 (v5.10)
 */
function br_multicast_pim(br: net_bridge, port: net_bridge_port | null, skb: sk_buff): void {
	const pimhdr = skb_header_pointer_off(skb, skb_transport_offset(skb), PIMHDR_LEN);
	if (
		pimhdr < 0 ||
		pim_hdr_version(skb.head, pimhdr) !== PIM_VERSION ||
		pim_hdr_type(skb.head, pimhdr) !== PIM_TYPE_HELLO
	)
		return;

	br_multicast_mark_router(br, port);
}

/**
 * Takes an advertisement of a multicast router over IPv4.
 * @returns 0 or -ENOMSG
 * @kernel net/bridge/br_multicast.c:3004 (v5.10)
 */
function br_ip4_multicast_mrd_rcv(
	br: net_bridge,
	port: net_bridge_port | null,
	skb: sk_buff,
): number {
	if (
		skb.head[skb.network_header + IPHDR_protocol] !== IPPROTO_IGMP ||
		skb.head[skb.transport_header + IGMPHDR_type] !== IGMP_MRDISC_ADV
	)
		return -ENOMSG;

	br_multicast_mark_router(br, port);
	return 0;
}

/**
 * Looks at an IPv4 packet to a group.
 * @returns 0, or a negative errno when it is a broken message, which does not pass
 * @kernel net/bridge/br_multicast.c:3017 (v5.10)
 */
function br_multicast_ipv4_rcv(
	br: net_bridge,
	port: net_bridge_port | null,
	skb: sk_buff,
	vid: u16,
): number {
	const cb = BR_INPUT_SKB_CB(skb);
	let err = ip_mc_check_igmp(skb);

	if (err === -ENOMSG) {
		const daddr = ip_daddr(skb);
		if (!ipv4_is_local_multicast(daddr)) {
			cb.mrouters_only = true;
		} else if (pim_ipv4_all_pim_routers(daddr)) {
			if (skb.head[skb.network_header + IPHDR_protocol] === IPPROTO_PIM)
				br_multicast_pim(br, port, skb);
		} else if (ipv4_is_all_snoopers(daddr)) {
			br_ip4_multicast_mrd_rcv(br, port, skb);
		}
		return 0;
	} else if (err < 0) {
		br_multicast_err_count(br, port, skb.protocol);
		return err;
	}

	const ih = skb.transport_header;
	const group = get_unaligned_be32(skb.head, ih + IGMPHDR_group);
	cb.igmp = skb.head[ih + IGMPHDR_type];
	switch (cb.igmp) {
		case IGMP_HOST_MEMBERSHIP_REPORT:
		case IGMPV2_HOST_MEMBERSHIP_REPORT:
			cb.mrouters_only = true;
			err = br_ip4_multicast_add_group(br, port, group, vid, h_source(skb), true);
			break;
		case IGMPV3_HOST_MEMBERSHIP_REPORT:
			err = br_ip4_multicast_igmp3_report(br, port, skb, vid);
			break;
		case IGMP_HOST_MEMBERSHIP_QUERY:
			br_ip4_multicast_query(br, port, skb, vid);
			break;
		case IGMP_HOST_LEAVE_MESSAGE:
			br_ip4_multicast_leave_group(br, port, group, vid, h_source(skb));
			break;
	}

	br_multicast_count(br, port, skb, cb.igmp, BR_MCAST_DIR_RX);
	return err;
}

/**
 * Takes an advertisement of a multicast router over IPv6.
 * @returns 0, -ENOMSG, or another negative errno for a broken message
 * @kernel net/bridge/br_multicast.c:3073 (v5.10)
 */
function br_ip6_multicast_mrd_rcv(
	br: net_bridge,
	port: net_bridge_port | null,
	skb: sk_buff,
): number {
	if (skb.head[skb.network_header + IPV6HDR_nexthdr] !== IPPROTO_ICMPV6) return -ENOMSG;

	const ret = ipv6_mc_check_icmpv6(skb);
	if (ret < 0) return ret;

	if (skb.head[skb.transport_header + ICMP6HDR_type] !== ICMPV6_MRDISC_ADV) return -ENOMSG;

	br_multicast_mark_router(br, port);
	return 0;
}

/**
 * Looks at an IPv6 packet to a group.
 * @returns 0, or a negative errno when it is a broken message, which does not pass
 * @kernel net/bridge/br_multicast.c:3094 (v5.10)
 */
function br_multicast_ipv6_rcv(
	br: net_bridge,
	port: net_bridge_port | null,
	skb: sk_buff,
	vid: u16,
): number {
	const cb = BR_INPUT_SKB_CB(skb);
	let err = ipv6_mc_check_mld(skb);

	if (err === -ENOMSG) {
		const daddr = skb.network_header + IPV6HDR_daddr;
		if (!ipv6_addr_is_ll_all_nodes(skb.head, daddr)) cb.mrouters_only = true;

		if (ipv6_addr_is_all_snoopers(skb.head, daddr)) {
			err = br_ip6_multicast_mrd_rcv(br, port, skb);
			if (err < 0 && err !== -ENOMSG) {
				br_multicast_err_count(br, port, skb.protocol);
				return err;
			}
		}
		return 0;
	} else if (err < 0) {
		br_multicast_err_count(br, port, skb.protocol);
		return err;
	}

	const mld = skb.transport_header;
	cb.igmp = skb.head[mld + ICMP6HDR_type];
	switch (cb.igmp) {
		case ICMPV6_MGM_REPORT:
			cb.mrouters_only = true;
			err = br_ip6_multicast_add_group(
				br,
				port,
				skb.head,
				mld + MLD_MSG_mca,
				vid,
				h_source(skb),
				true,
			);
			break;
		case ICMPV6_MLD2_REPORT:
			err = br_ip6_multicast_mld2_report(br, port, skb, vid);
			break;
		case ICMPV6_MGM_QUERY:
			err = br_ip6_multicast_query(br, port, skb, vid);
			break;
		case ICMPV6_MGM_REDUCTION:
			br_ip6_multicast_leave_group(
				br,
				port,
				skb.head,
				mld + MLD_MSG_mca,
				vid,
				h_source(skb),
			);
			break;
	}

	br_multicast_count(br, port, skb, cb.igmp, BR_MCAST_DIR_RX);
	return err;
}

/**
 * Looks at a packet to a group.
 * @param port that it came in by, null for the bridge's host
 * @param skb data at its network header; stays the caller's
 * @returns 0, or a negative errno when it shall not pass
 * @kernel net/bridge/br_multicast.c:3153 (v5.10)
 */
export function br_multicast_rcv(
	br: net_bridge,
	port: net_bridge_port | null,
	skb: sk_buff,
	vid: u16,
): number {
	const cb = BR_INPUT_SKB_CB(skb);
	cb.igmp = 0;
	cb.mrouters_only = false;

	if (!br.multicast_enabled) return 0;

	switch (skb.protocol) {
		case ETH_P_IP:
			return br_multicast_ipv4_rcv(br, port, skb, vid);
		case ETH_P_IPV6:
			return br_multicast_ipv6_rcv(br, port, skb, vid);
	}
	return 0;
}

/**
 * Time for a query to the bridge's host.
 * @kernel net/bridge/br_multicast.c:3178 (v5.10)
 */
function br_multicast_query_expired(
	br: net_bridge,
	query: bridge_mcast_own_query,
	querier: bridge_mcast_querier,
): void {
	if (query.startup_sent < br.multicast_startup_query_count) query.startup_sent++;

	querier.port = null;
	br_multicast_send_query(br, null, query);
}

/**
 * Time for a query of IGMP to the bridge's host.
 * @kernel net/bridge/br_multicast.c:3191 (v5.10)
 */
function br_ip4_multicast_query_expired(br: net_bridge): void {
	br_multicast_query_expired(br, br.ip4_own_query, br.ip4_querier);
}

/**
 * Time for a query of MLD to the bridge's host.
 * @kernel net/bridge/br_multicast.c:3199 (v5.10)
 */
function br_ip6_multicast_query_expired(br: net_bridge): void {
	br_multicast_query_expired(br, br.ip6_own_query, br.ip6_querier);
}

/**
 * The collector's work.
 * @kernel net/bridge/br_multicast.c:3207 (v5.10)
 */
function br_multicast_gc_work(br: net_bridge): void {
	br_multicast_gc(br);
}

/**
 * Begins a bridge: snooping is on, asking is not.
 * @kernel net/bridge/br_multicast.c:3220 (v5.10)
 */
export function br_multicast_init(br: net_bridge): void {
	const m = br.machine;
	br.hash_max = BR_MULTICAST_DEFAULT_HASH_MAX;

	br.multicast_router = MDB_RTR_TYPE_TEMP_QUERY;
	br.multicast_last_member_count = 2;
	br.multicast_startup_query_count = 2;

	br.multicast_last_member_interval = HZ;
	br.multicast_query_response_interval = 10 * HZ;
	br.multicast_startup_query_interval = (125 * HZ) / 4;
	br.multicast_query_interval = 125 * HZ;
	br.multicast_querier_interval = 255 * HZ;
	br.multicast_membership_interval = 260 * HZ;

	br.multicast_igmp_version = 2;
	br.multicast_mld_version = 1;
	br.multicast_enabled = true;
	br.has_ipv6_addr = true;

	br.multicast_router_timer = timer_setup(m, () => {
		br_multicast_local_router_expired(br);
	});
	br.ip4_other_query.timer = timer_setup(m, () => {
		br_ip4_multicast_querier_expired(br);
	});
	br.ip4_own_query.timer = timer_setup(m, () => {
		br_ip4_multicast_query_expired(br);
	});
	br.ip6_other_query.timer = timer_setup(m, () => {
		br_ip6_multicast_querier_expired(br);
	});
	br.ip6_own_query.timer = timer_setup(m, () => {
		br_ip6_multicast_query_expired(br);
	});
	br.mcast_gc_work = new work_struct(m, () => {
		br_multicast_gc_work(br);
	});
}

/**
 * The bridge device joins 224.0.0.106, where routers announce themselves.
 * @kernel net/bridge/br_multicast.c:3264 (v5.10)
 */
function br_ip4_multicast_join_snoopers(br: net_bridge): void {
	const in_dev = in_dev_get(br.dev);
	if (in_dev === null) return;
	__ip_mc_inc_group(in_dev, htonl(INADDR_ALLSNOOPERS_GROUP));
	in_dev_put(in_dev);
}

/**
 * The bridge device joins ff02::6a.
 * @kernel net/bridge/br_multicast.c:3276 (v5.10)
 */
function br_ip6_multicast_join_snoopers(br: net_bridge): void {
	ipv6_dev_mc_inc(br.dev, ALLSNOOPERS6);
}

/**
 * The bridge device joins the groups of snoopers.
 * @kernel net/bridge/br_multicast.c:3289 (v5.10)
 */
export function br_multicast_join_snoopers(br: net_bridge): void {
	br_ip4_multicast_join_snoopers(br);
	br_ip6_multicast_join_snoopers(br);
}

/**
 * The bridge device leaves 224.0.0.106.
 * @kernel net/bridge/br_multicast.c:3295 (v5.10)
 */
function br_ip4_multicast_leave_snoopers(br: net_bridge): void {
	const in_dev = in_dev_get(br.dev);
	if (
		WARN_ON(
			br.machine,
			in_dev === null,
			'br_ip4_multicast_leave_snoopers',
			'no IPv4 on the bridge',
		) ||
		in_dev === null
	)
		return;
	__ip_mc_dec_group(in_dev, htonl(INADDR_ALLSNOOPERS_GROUP));
	in_dev_put(in_dev);
}

/**
 * The bridge device leaves ff02::6a.
 * @kernel net/bridge/br_multicast.c:3307 (v5.10)
 */
function br_ip6_multicast_leave_snoopers(br: net_bridge): void {
	ipv6_dev_mc_dec(br.dev, ALLSNOOPERS6);
}

/**
 * The bridge device leaves the groups of snoopers.
 * @kernel net/bridge/br_multicast.c:3320 (v5.10)
 */
export function br_multicast_leave_snoopers(br: net_bridge): void {
	br_ip4_multicast_leave_snoopers(br);
	br_ip6_multicast_leave_snoopers(br);
}

/**
 * Starts the bridge's own queries of a protocol.
 * @kernel net/bridge/br_multicast.c:3326 (v5.10)
 */
function __br_multicast_open(br: net_bridge, query: bridge_mcast_own_query): void {
	query.startup_sent = 0;

	if (!br.multicast_enabled) return;

	mod_timer(query.timer, br.machine.jiffies);
}

/**
 * A bridge comes up.
 * @kernel net/bridge/br_multicast.c:3337 (v5.10)
 */
export function br_multicast_open(br: net_bridge): void {
	__br_multicast_open(br, br.ip4_own_query);
	__br_multicast_open(br, br.ip6_own_query);
}

/**
 * A bridge goes down.
 * @kernel net/bridge/br_multicast.c:3345 (v5.10)
 */
export function br_multicast_stop(br: net_bridge): void {
	del_timer(br.multicast_router_timer);
	del_timer(br.ip4_other_query.timer);
	del_timer(br.ip4_own_query.timer);
	del_timer(br.ip6_other_query.timer);
	del_timer(br.ip6_own_query.timer);
}

/**
 * Ends a bridge.
 * @kernel net/bridge/br_multicast.c:3356 (v5.10)
 */
export function br_multicast_dev_del(br: net_bridge): void {
	for (let n = br.mdb_list.first; n !== null;) {
		const tmp: hlist_node<net_bridge_mdb_entry> | null = n.next;
		br_multicast_del_mdb_entry(n.item);
		n = tmp;
	}
	br_multicast_gc(br);
	cancel_delayed_work_sync(br.mcast_gc_work);
}

/**
 * Sets whether the bridge itself takes what routers get.
 * @param val MDB_RTR_TYPE_*
 * @returns 0 or -EINVAL
 * @kernel net/bridge/br_multicast.c:3374 (v5.10)
 */
export function br_multicast_set_router(br: net_bridge, val: number): number {
	switch (val) {
		case MDB_RTR_TYPE_DISABLED:
		case MDB_RTR_TYPE_PERM:
			del_timer(br.multicast_router_timer);
			br.multicast_router = val;
			return 0;
		case MDB_RTR_TYPE_TEMP_QUERY:
			br.multicast_router = val;
			return 0;
	}
	return -EINVAL;
}

/**
 * Takes a port off the list of those with a router.
 * @kernel net/bridge/br_multicast.c:3401 (v5.10)
 */
function __del_port_router(p: net_bridge_port): void {
	if (hlist_unhashed(p.rlist)) return;
	hlist_del_init(p.rlist);
	br_rtr_notify(p.br.dev, p, RTM_DELMDB);

	if (p.multicast_router === MDB_RTR_TYPE_TEMP) p.multicast_router = MDB_RTR_TYPE_TEMP_QUERY;
}

/**
 * Sets whether there is a router behind a port.
 * @param val MDB_RTR_TYPE_*
 * @returns 0 or -EINVAL
 * @kernel net/bridge/br_multicast.c:3414 (v5.10)
 */
export function br_multicast_set_port_router(p: net_bridge_port, val: number): number {
	const { br } = p;
	if (p.multicast_router === val) {
		if (p.multicast_router === MDB_RTR_TYPE_TEMP)
			mod_timer(
				p.multicast_router_timer,
				br.machine.jiffies + br.multicast_querier_interval,
			);
		return 0;
	}
	switch (val) {
		case MDB_RTR_TYPE_DISABLED:
			p.multicast_router = MDB_RTR_TYPE_DISABLED;
			__del_port_router(p);
			del_timer(p.multicast_router_timer);
			break;
		case MDB_RTR_TYPE_TEMP_QUERY:
			p.multicast_router = MDB_RTR_TYPE_TEMP_QUERY;
			__del_port_router(p);
			break;
		case MDB_RTR_TYPE_PERM:
			p.multicast_router = MDB_RTR_TYPE_PERM;
			del_timer(p.multicast_router_timer);
			br_multicast_add_router(br, p);
			break;
		case MDB_RTR_TYPE_TEMP:
			p.multicast_router = MDB_RTR_TYPE_TEMP;
			br_multicast_mark_router(br, p);
			break;
		default:
			return -EINVAL;
	}
	return 0;
}

/**
 * Starts to ask, on the bridge and all its ports.
 * @kernel net/bridge/br_multicast.c:3458 (v5.10)
 */
function br_multicast_start_querier(br: net_bridge, query: bridge_mcast_own_query): void {
	__br_multicast_open(br, query);

	for (const port of br.port_list) {
		if (port.state === BR_STATE_DISABLED || port.state === BR_STATE_BLOCKING) continue;
		if (query === br.ip4_own_query) br_multicast_enable(port.ip4_own_query);
		else br_multicast_enable(port.ip6_own_query);
	}
}

/**
 * Switches snooping on or off.
 * @returns 0
 * @kernel net/bridge/br_multicast.c:3481 (v5.10)
 */
export function br_multicast_toggle(br: net_bridge, val: boolean): number {
	if (br.multicast_enabled === val) return 0;

	br.multicast_enabled = val;
	if (!val) {
		br_multicast_leave_snoopers(br);
		return 0;
	}

	if (!netif_running(br.dev)) return 0;

	br_multicast_open(br);
	for (const port of br.port_list) __br_multicast_enable_port(port);

	br_multicast_join_snoopers(br);
	return 0;
}

/**
 * Switches asking on or off.
 * @returns 0
 * @kernel net/bridge/br_multicast.c:3551 (v5.10)
 */
export function br_multicast_set_querier(br: net_bridge, val: boolean): number {
	if (br.multicast_querier === val) return 0;

	br.multicast_querier = val;
	if (!val) return 0;

	const max_delay = br.multicast_query_response_interval;
	const { jiffies } = br.machine;

	if (!timer_pending(br.ip4_other_query.timer)) br.ip4_other_query.delay_time = jiffies + max_delay;
	br_multicast_start_querier(br, br.ip4_own_query);

	if (!timer_pending(br.ip6_other_query.timer)) br.ip6_other_query.delay_time = jiffies + max_delay;
	br_multicast_start_querier(br, br.ip6_own_query);
	return 0;
}

/**
 * Sets the version of IGMP that is spoken.
 * @returns 0, or -EINVAL for another than 2 and 3
 * @kernel net/bridge/br_multicast.c:3585 (v5.10)
 */
export function br_multicast_set_igmp_version(br: net_bridge, val: number): number {
	if (val !== 2 && val !== 3) return -EINVAL;
	br.multicast_igmp_version = val;
	return 0;
}

/**
 * Sets the version of MLD that is spoken.
 * @returns 0, or -EINVAL for another than 1 and 2
 * @kernel net/bridge/br_multicast.c:3604 (v5.10)
 */
export function br_multicast_set_mld_version(br: net_bridge, val: number): number {
	if (val !== 1 && val !== 2) return -EINVAL;
	br.multicast_mld_version = val;
	return 0;
}
