// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/raw.c, base v5.10: raw IPv4 sockets.
 *
 * PORT: what a send works with is one object a machine: a send does not begin within another.
 * Not ported: multicast routing, membership filters (there is no IGMP), ioctl.
 */
import {
	get_unaligned_be16,
	get_unaligned_be32,
	htons,
	put_unaligned_be16,
	put_unaligned_be32,
} from '../../include/linux/byteorder/generic.ts';
import { proc_create_net, remove_proc_entry } from '../../include/linux/proc_fs.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { ip_saddr } from '../../include/linux/ip.ts';
import { ipv4_is_lbcast, ipv4_is_multicast } from '../../include/linux/in.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import { LL_RESERVED_SPACE, NET_RX_DROP, NET_RX_SUCCESS } from '../../include/linux/netdevice.ts';
import {
	CHECKSUM_NONE,
	CHECKSUM_PARTIAL,
	skb_reserve,
	skb_reset_network_header,
	skb_transport_offset,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import {
	AF_INET,
	AF_UNSPEC,
	copy_from_iter_full,
	MSG_CONFIRM,
	MSG_DONTROUTE,
	MSG_ERRQUEUE,
	MSG_MORE,
	MSG_OOB,
	MSG_PROBE,
	MSG_TRUNC,
	SOL_RAW,
	type msghdr,
	type sockaddr,
	type sockopt_result,
	type sockopt_value,
} from '../../include/linux/socket.ts';
import type { __be32 } from '../../include/linux/types.ts';
import { csum_block_add, csum_partial } from '../../include/net/checksum.ts';
import { dst_confirm_neigh, dst_output, skb_dst_set } from '../../include/net/dst.ts';
import { flowi4, flowi4_init_output, FLOWI_FLAG_KNOWN_NH } from '../../include/net/flow.ts';
import { icmp_err_convert, icmp_out_count } from '../../include/net/icmp.ts';
import { inet_sk, inet_sk_flowi_flags } from '../../include/net/inet_sock.ts';
import { get_rtconn_flags, inet_sdif, ipcm_cookie, ipcm_init_sk } from '../../include/net/ip.ts';
import {
	l3mdev_fib_table_by_index,
	l3mdev_master_ifindex_by_index,
	netif_index_is_l3_master,
} from '../../include/net/l3mdev.ts';
import type { net } from '../../include/net/net_namespace.ts';
import {
	RAW_HTABLE_SIZE,
	raw_sk,
	raw_sk_bound_dev_eq,
	raw_sock,
	raw_v4_hashinfo,
} from '../../include/net/raw.ts';
import { RTCF_BROADCAST, RTO_ONLINK } from '../../include/net/route.ts';
import { IP_INC_STATS } from '../../include/net/snmp.ts';
import {
	SOCK_BROADCAST,
	sock_flag,
	sock_net,
	type proto,
	type sock,
	type sock_common,
	type sockcm_cookie,
	sk_rmem_alloc_get,
} from '../../include/net/sock.ts';
import { TCP_CLOSE, TCP_ESTABLISHED } from '../../include/net/tcp_states.ts';
import { xfrm4_policy_check, XFRM_POLICY_IN } from '../../include/net/xfrm.ts';
import {
	EACCES,
	EADDRNOTAVAIL,
	EAFNOSUPPORT,
	EDESTADDRREQ,
	EFAULT,
	EHOSTUNREACH,
	EINVAL,
	EMSGSIZE,
	ENOBUFS,
	ENOPROTOOPT,
	EOPNOTSUPP,
	EPROTO,
} from '../../include/uapi/linux/errno.ts';
import {
	ICMP_DEST_UNREACH,
	ICMP_FILTER,
	ICMP_FRAG_NEEDED,
	ICMP_PARAMETERPROB,
	ICMP_REDIRECT,
	ICMP_SOURCE_QUENCH,
	ICMPHDR_code,
	ICMPHDR_LEN,
	ICMPHDR_type,
	NR_ICMP_UNREACH,
} from '../../include/uapi/linux/icmp.ts';
import { IP_PMTUDISC_DONT, IPPROTO_ICMP, IPPROTO_RAW } from '../../include/uapi/linux/in.ts';
import {
	IPHDR_daddr,
	IPHDR_id,
	IPHDR_LEN,
	IPHDR_protocol,
	IPHDR_saddr,
	IPHDR_tot_len,
} from '../../include/uapi/linux/ip.ts';
import { NF_INET_LOCAL_OUT, NFPROTO_IPV4 } from '../../include/uapi/linux/netfilter.ts';
import { IPSTATS_MIB_OUTDISCARDS } from '../../include/uapi/linux/snmp.ts';
import {
	RT_SCOPE_UNIVERSE,
	RT_TABLE_LOCAL,
	RTN_BROADCAST,
	RTN_LOCAL,
	RTN_MULTICAST,
} from '../../include/uapi/linux/rtnetlink.ts';
import { skb_copy_datagram_msg, skb_free_datagram, skb_recv_datagram } from '../core/datagram.ts';
import {
	kfree_skb,
	nf_reset_ct,
	skb_clone,
	skb_header_pointer_off,
	skb_push,
	skb_put,
} from '../core/skbuff.ts';
import {
	lock_sock,
	release_sock,
	sk_add_node,
	sk_common_release,
	sk_del_node_init,
	sk_dst_reset,
	sock_alloc_send_skb,
	sock_prot_inuse_add,
	sock_queue_rcv_skb,
	sock_recv_ts_and_drops,
	type errcode,
} from '../core/sock.ts';
import { NF_HOOK } from '../netfilter/core.ts';
import { ip4_datagram_connect, ip4_datagram_release_cb } from './datagram.ts';
import { inet_addr_type_table } from './fib_frontend.ts';
import {
	ip_append_data,
	ip_flush_pending_frames,
	ip_generic_getfrag,
	ip_push_pending_frames,
	ip_select_ident,
	ip_send_check,
	net_xmit_errno,
	rtable_ref,
} from './ip_output.ts';
import {
	ip_cmsg_recv,
	ip_cmsg_send,
	ip_getsockopt,
	ip_icmp_error,
	ip_local_error,
	ip_ra_control,
	ip_recv_error,
	ip_setsockopt,
	ipv4_pktinfo_prepare,
} from './ip_sockglue.ts';
import {
	inet_iif,
	ip_route_output_flow,
	ip_rt_put,
	ipv4_sk_redirect,
	ipv4_sk_update_pmtu,
} from './route.ts';
import { __udp_disconnect, udp4_format_sock, UDP_SEQ_HEADER } from './udp.ts';

/** A message that is sent, and the bytes of it that were looked at for the route. */
class raw_frag_vec {
	msg: msghdr | null = null;
	readonly hdr = new Uint8Array(ICMPHDR_LEN);
	hlen = 0;
}

/** What raw_sendmsg() works with. */
const send_scratch = machine_var(() => ({
	ipc: new ipcm_cookie(),
	fl4: new flowi4(),
	rfv: new raw_frag_vec(),
	rtp: new rtable_ref(),
}));

/**
 * Lets a socket receive.
 * @returns 0
 * @kernel net/ipv4/raw.c:93 (v5.10)
 */
export function raw_hash_sk(sk: sock): number {
	const h = sk.sk_prot.raw_hash!.of(sk.machine);
	sk_add_node(sk, h.ht[inet_sk(sk).inet_num & (RAW_HTABLE_SIZE - 1)]);
	sock_prot_inuse_add(sock_net(sk), sk.sk_prot, 1);
	return 0;
}

/**
 * Lets a socket receive no more.
 * @kernel net/ipv4/raw.c:109 (v5.10)
 */
export function raw_unhash_sk(sk: sock): void {
	if (sk_del_node_init(sk)) sock_prot_inuse_add(sock_net(sk), sk.sk_prot, -1);
}

/**
 * Finds the next socket that a packet is for.
 * @param sk where to begin, itself included
 * @param num protocol
 * @param raddr the peer's address, network order
 * @param laddr our address, network order
 * @returns null when there is no more
 * @kernel net/ipv4/raw.c:120 (v5.10)
 */
export function __raw_v4_lookup(
	net: net,
	sk: sock_common | null,
	num: number,
	raddr: __be32,
	laddr: __be32,
	dif: number,
	sdif: number,
): sock | null {
	for (; sk !== null; sk = sk.hnnode_next)
		if (
			sk.sk_net === net &&
			sk.sk_num === num &&
			!(sk.sk_daddr !== 0 && sk.sk_daddr !== raddr) &&
			!(sk.sk_rcv_saddr !== 0 && sk.sk_rcv_saddr !== laddr) &&
			raw_sk_bound_dev_eq(net, sk.sk_bound_dev_if, dif, sdif)
		)
			return sk as sock;
	return null;
}

/**
 * Tells whether a socket's filter refuses an ICMP packet.
 * @kernel net/ipv4/raw.c:143 (v5.10)
 */
function icmp_filter(sk: sock, skb: sk_buff): boolean {
	const hdr = skb_header_pointer_off(skb, skb_transport_offset(skb), ICMPHDR_LEN);
	if (hdr < 0) return true;
	const type = skb.head[hdr + ICMPHDR_type];
	return type < 32 && ((1 << type) & raw_sk(sk).filter) !== 0;
}

/**
 * Tells whether a socket takes what is sent to a group it has not joined.
 * @kernel PORT: net/ipv4/igmp.c ip_mc_sf_allow of a socket without memberships
 */
function ip_mc_sf_allow(sk: sock, loc_addr: __be32): boolean {
	return !ipv4_is_multicast(loc_addr) || inet_sk(sk).mc_all;
}

/**
 * Gives a packet to all sockets of a chain that it is for.
 * @returns whether there was one
 * @kernel net/ipv4/raw.c:169 (v5.10)
 */
function raw_v4_input(skb: sk_buff, protocol: number, first: sock_common): boolean {
	const sdif = inet_sdif(skb);
	const dif = inet_iif(skb);
	const net = skb.dev!.nd_net;
	const iph = skb.network_header;
	const saddr = get_unaligned_be32(skb.head, iph + IPHDR_saddr);
	const daddr = get_unaligned_be32(skb.head, iph + IPHDR_daddr);
	let delivered = false;
	let sk = __raw_v4_lookup(net, first, protocol, saddr, daddr, dif, sdif);
	while (sk !== null) {
		delivered = true;
		if (
			(protocol !== IPPROTO_ICMP || !icmp_filter(sk, skb)) &&
			ip_mc_sf_allow(sk, daddr)
		)
			raw_rcv(sk, skb_clone(skb));
		sk = __raw_v4_lookup(net, sk.hnnode_next, protocol, saddr, daddr, dif, sdif);
	}
	return delivered;
}

/**
 * Gives copies of a packet to the raw sockets of its protocol.
 * @returns 1 when there was one, else 0
 * @kernel net/ipv4/raw.c:207 (v5.10)
 */
export function raw_local_deliver(skb: sk_buff, protocol: number): number {
	const first = raw_v4_hashinfo.of(skb.machine).ht[protocol & (RAW_HTABLE_SIZE - 1)].first;
	/* The header's own protocol counts in the lookup, which differs after an encapsulation. */
	return first !== null && raw_v4_input(skb, skb.head[skb.network_header + 9], first) ? 1 : 0;
}

/**
 * Tells a socket of an ICMP error.
 * @param info MTU or gateway
 * @kernel net/ipv4/raw.c:225 (v5.10)
 */
function raw_err(sk: sock, skb: sk_buff, info: number): void {
	const inet = inet_sk(sk);
	const type = skb.head[skb.transport_header + ICMPHDR_type];
	const code = skb.head[skb.transport_header + ICMPHDR_code];
	let err = 0;
	let harderr = false;
	if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED) {
		ipv4_sk_update_pmtu(skb, sk, info);
	} else if (type === ICMP_REDIRECT) {
		ipv4_sk_redirect(skb, sk);
		return;
	}
	if (!inet.recverr && sk.sk_state !== TCP_ESTABLISHED) return;
	switch (type) {
		default:
			err = EHOSTUNREACH;
			break;
		case ICMP_SOURCE_QUENCH:
			return;
		case ICMP_PARAMETERPROB:
			err = EPROTO;
			harderr = true;
			break;
		case ICMP_DEST_UNREACH:
			err = EHOSTUNREACH;
			if (code > NR_ICMP_UNREACH) break;
			if (code === ICMP_FRAG_NEEDED) {
				harderr = inet.pmtudisc !== IP_PMTUDISC_DONT;
				err = EMSGSIZE;
			} else {
				err = icmp_err_convert[code].errno;
				harderr = icmp_err_convert[code].fatal;
			}
	}
	if (inet.recverr) {
		const payload = inet.hdrincl
			? skb.data
			: skb.data + ((skb.head[skb.data] & 0xf) << 2);
		ip_icmp_error(sk, skb, err, htons(0), info, payload);
	}
	if (inet.recverr || harderr) {
		sk.sk_err = err;
		sk.sk_error_report(sk);
	}
}

/**
 * Tells the raw sockets of a protocol of an ICMP error, data at the quoted header.
 * @param info MTU or gateway
 * @kernel net/ipv4/raw.c:287 (v5.10)
 */
export function raw_icmp_error(skb: sk_buff, protocol: number, info: number): void {
	let raw: sock_common | null = raw_v4_hashinfo.of(skb.machine).ht[
		protocol & (RAW_HTABLE_SIZE - 1)
	].first;
	if (raw === null) return;
	const dev = skb.dev!;
	const sdif = inet_sdif(skb);
	for (;;) {
		const iph = skb.data;
		const sk = __raw_v4_lookup(
			dev.nd_net,
			raw,
			protocol,
			get_unaligned_be32(skb.head, iph + IPHDR_daddr),
			get_unaligned_be32(skb.head, iph + IPHDR_saddr),
			dev.ifindex,
			sdif,
		);
		if (sk === null) return;
		raw_err(sk, skb, info);
		raw = sk.hnnode_next;
	}
}

/**
 * Queues a packet, or drops it.
 * @returns NET_RX_SUCCESS or NET_RX_DROP
 * @kernel net/ipv4/raw.c:316 (v5.10)
 */
function raw_rcv_skb(sk: sock, skb: sk_buff): number {
	ipv4_pktinfo_prepare(sk, skb);
	if (sock_queue_rcv_skb(sk, skb) < 0) {
		kfree_skb(skb);
		return NET_RX_DROP;
	}
	return NET_RX_SUCCESS;
}

/**
 * Gives a packet to a socket, IP header included.
 * @returns 0 or NET_RX_DROP
 * @kernel net/ipv4/raw.c:329 (v5.10)
 */
export function raw_rcv(sk: sock, skb: sk_buff): number {
	if (!xfrm4_policy_check(sk, XFRM_POLICY_IN, skb)) {
		sk.sk_drops++;
		kfree_skb(skb);
		return NET_RX_DROP;
	}
	nf_reset_ct(skb);
	skb_push(skb, skb.data - skb.network_header);
	raw_rcv_skb(sk, skb);
	return 0;
}

/**
 * Sends a packet whose IP header the program wrote.
 * @param length bytes, IP header included
 * @param rtp route, taken over
 * @returns 0 or a negative errno
 * @kernel net/ipv4/raw.c:344 (v5.10)
 */
function raw_send_hdrinc(
	sk: sock,
	fl4: flowi4,
	msg: msghdr,
	length: number,
	rtp: rtable_ref,
	flags: number,
	sockc: sockcm_cookie,
): number {
	const inet = inet_sk(sk);
	const net = sock_net(sk);
	const rt = rtp.rt!;
	const dev = rt.dev!;
	let err = 0;
	if (length > dev.mtu) {
		ip_local_error(sk, EMSGSIZE, fl4.daddr, inet.inet_dport, dev.mtu);
		return -EMSGSIZE;
	}
	if (length < IPHDR_LEN) return -EINVAL;
	if ((flags & MSG_PROBE) !== 0) return 0;
	error: {
		const hlen = LL_RESERVED_SPACE(dev);
		const ec: errcode = { err: 0 };
		const skb = sock_alloc_send_skb(sk, length + hlen + dev.needed_tailroom + 15, ec);
		if (skb === null) {
			err = ec.err;
			break error;
		}
		skb_reserve(skb, hlen);
		skb.priority = sk.sk_priority;
		skb.mark = sockc.mark;
		skb.tstamp = sockc.transmit_time;
		skb_dst_set(skb, rt);
		rtp.rt = null;
		skb_reset_network_header(skb);
		const iph = skb_put(skb, length);
		skb.ip_summed = CHECKSUM_NONE;
		if ((flags & MSG_CONFIRM) !== 0) skb.dst_pending_confirm = true;
		skb.transport_header = skb.network_header;
		if (!copy_from_iter_full(skb.head, iph, length, msg)) {
			kfree_skb(skb);
			err = -EFAULT;
			break error;
		}
		const head = skb.head;
		const iphlen = (head[iph] & 0xf) * 4;
		if (iphlen > length) {
			kfree_skb(skb);
			err = -EINVAL;
			break error;
		}
		if (iphlen >= IPHDR_LEN) {
			if (get_unaligned_be32(head, iph + IPHDR_saddr) === 0)
				put_unaligned_be32(fl4.saddr, head, iph + IPHDR_saddr);
			put_unaligned_be16(length, head, iph + IPHDR_tot_len);
			if (get_unaligned_be16(head, iph + IPHDR_id) === 0)
				ip_select_ident(net, skb, null);
			ip_send_check(skb.view, iph);
			skb.transport_header += iphlen;
			if (
				head[iph + IPHDR_protocol] === IPPROTO_ICMP &&
				length >= iphlen + ICMPHDR_LEN
			)
				icmp_out_count(net, head[skb.transport_header + ICMPHDR_type]);
		}
		err = NF_HOOK(
			NFPROTO_IPV4,
			NF_INET_LOCAL_OUT,
			net,
			sk,
			skb,
			null,
			rt.dev,
			dst_output,
		);
		if (err > 0) err = net_xmit_errno(err);
		if (err === 0) return 0;
	}
	IP_INC_STATS(net, IPSTATS_MIB_OUTDISCARDS);
	if (err === -ENOBUFS && !inet.recverr) err = 0;
	return err;
}

/**
 * Looks at type and code of an ICMP message before the route is chosen.
 * @returns 0 or -EFAULT
 * @kernel net/ipv4/raw.c:448 (v5.10)
 */
function raw_probe_proto_opt(rfv: raw_frag_vec, fl4: flowi4): number {
	if (fl4.flowi4_proto !== IPPROTO_ICMP) return 0;
	rfv.hlen = 2;
	if (!copy_from_iter_full(rfv.hdr, 0, rfv.hlen, rfv.msg!)) return -EFAULT;
	fl4.fl4_icmp_type = rfv.hdr[ICMPHDR_type];
	fl4.fl4_icmp_code = rfv.hdr[ICMPHDR_code];
	return 0;
}

/**
 * getfrag of a raw message.
 * @returns 0 or -EFAULT
 * @kernel net/ipv4/raw.c:468 (v5.10)
 */
function raw_getfrag(
	rfv: raw_frag_vec,
	to: Uint8Array,
	to_off: number,
	offset: number,
	len: number,
	odd: number,
	skb: sk_buff,
): number {
	if (offset < rfv.hlen) {
		const copy = Math.min(rfv.hlen - offset, len);
		for (let i = 0; i < copy; i++) to[to_off + i] = rfv.hdr[offset + i];
		if (skb.ip_summed !== CHECKSUM_PARTIAL)
			skb.csum = csum_block_add(skb.csum, csum_partial(to, to_off, copy, 0), odd);
		odd = 0;
		offset += copy;
		to_off += copy;
		len -= copy;
		if (len === 0) return 0;
	}
	offset -= rfv.hlen;
	return ip_generic_getfrag(rfv.msg!, to, to_off, offset, len, odd, skb);
}

/**
 * Sends a message.
 * @param len bytes
 * @returns bytes or a negative errno
 * @kernel net/ipv4/raw.c:499 (v5.10)
 */
function raw_sendmsg(sk: sock, msg: msghdr, len: number): number {
	const inet = inet_sk(sk);
	const net = sock_net(sk);
	const { ipc, fl4, rfv, rtp } = send_scratch.of(net.machine);
	if (len > 0xffff) return -EMSGSIZE;
	const hdrincl = inet.hdrincl;
	if ((msg.flags & MSG_OOB) !== 0) return -EOPNOTSUPP;
	let daddr: __be32;
	if (msg.name !== null) {
		if (msg.name.family === AF_INET) daddr = (msg.name.addr >>> 0) as __be32;
		else if (msg.name.family === AF_UNSPEC) daddr = 0 as __be32;
		else return -EAFNOSUPPORT;
	} else {
		if (sk.sk_state !== TCP_ESTABLISHED) return -EDESTADDRREQ;
		daddr = inet.inet_daddr;
	}
	ipcm_init_sk(ipc, inet);
	let err = ip_cmsg_send(sk, msg, ipc, false);
	if (err !== 0) return err;
	let saddr = ipc.addr;
	ipc.addr = daddr;
	if (ipc.opt === null) ipc.opt = inet.inet_opt;
	done: {
		if (ipc.opt !== null) {
			err = -EINVAL;
			if (hdrincl) break done;
			if (ipc.opt.opt.srr !== 0) {
				if (daddr === 0) break done;
				daddr = ipc.opt.opt.faddr;
			}
		}
		let tos = get_rtconn_flags(ipc, sk);
		if ((msg.flags & MSG_DONTROUTE) !== 0) tos |= RTO_ONLINK;
		if (ipv4_is_multicast(daddr)) {
			if (ipc.oif === 0 || netif_index_is_l3_master(net, ipc.oif))
				ipc.oif = inet.mc_index;
			if (saddr === 0) saddr = inet.mc_addr;
		} else if (ipc.oif === 0) {
			ipc.oif = inet.uc_index;
		} else if (ipv4_is_lbcast(daddr) && inet.uc_index !== 0) {
			if (
				ipc.oif !== inet.uc_index &&
				ipc.oif === l3mdev_master_ifindex_by_index(net, inet.uc_index)
			)
				ipc.oif = inet.uc_index;
		}
		flowi4_init_output(
			fl4,
			ipc.oif,
			ipc.sockc.mark,
			tos,
			RT_SCOPE_UNIVERSE,
			hdrincl ? IPPROTO_RAW : sk.sk_protocol,
			inet_sk_flowi_flags(sk) | (hdrincl ? FLOWI_FLAG_KNOWN_NH : 0),
			daddr,
			saddr,
			htons(0),
			htons(0),
			sk.sk_uid,
		);
		if (!hdrincl) {
			rfv.msg = msg;
			rfv.hlen = 0;
			err = raw_probe_proto_opt(rfv, fl4);
			if (err !== 0) break done;
		}
		const rt = ip_route_output_flow(net, fl4, sk);
		if (IS_ERR(rt)) {
			err = rt;
			break done;
		}
		rtp.rt = rt;
		err = -EACCES;
		if ((rt.rt_flags & RTCF_BROADCAST) !== 0 && !sock_flag(sk, SOCK_BROADCAST))
			break done;
		if ((msg.flags & MSG_CONFIRM) !== 0 && (msg.flags & MSG_PROBE) !== 0) {
			dst_confirm_neigh(rt, fl4.daddr);
			if (len === 0) {
				err = 0;
				break done;
			}
		}
		if (hdrincl) {
			err = raw_send_hdrinc(sk, fl4, msg, len, rtp, msg.flags, ipc.sockc);
		} else {
			if (ipc.addr === 0) ipc.addr = fl4.daddr;
			lock_sock(sk);
			err = ip_append_data(
				sk,
				fl4,
				raw_getfrag,
				rfv,
				len,
				0,
				ipc,
				rtp,
				msg.flags,
			);
			if (err !== 0) {
				ip_flush_pending_frames(sk);
			} else if ((msg.flags & MSG_MORE) === 0) {
				err = ip_push_pending_frames(sk, fl4);
				if (err === -ENOBUFS && !inet.recverr) err = 0;
			}
			release_sock(sk);
		}
	}
	if (rtp.rt !== null) ip_rt_put(rtp.rt);
	rtp.rt = null;
	rfv.msg = null;
	return err < 0 ? err : len;
}

/**
 * Closes a socket.
 * @kernel net/ipv4/raw.c:698 (v5.10)
 */
function raw_close(sk: sock, _timeout: number): void {
	ip_ra_control(sk, false);
	sk_common_release(sk);
}

/**
 * Throws away what a closed socket was putting together.
 * @kernel net/ipv4/raw.c:708 (v5.10)
 */
function raw_destroy(sk: sock): void {
	lock_sock(sk);
	ip_flush_pending_frames(sk);
	release_sock(sk);
}

/**
 * Binds a socket to an address.
 * @returns 0, -EINVAL, -EADDRNOTAVAIL
 * @kernel net/ipv4/raw.c:716 (v5.10)
 */
function raw_bind(sk: sock, uaddr: sockaddr): number {
	const inet = inet_sk(sk);
	if (sk.sk_state !== TCP_CLOSE || uaddr.family !== AF_INET) return -EINVAL;
	const addr = (uaddr.addr >>> 0) as __be32;
	const net = sock_net(sk);
	let tb_id = RT_TABLE_LOCAL;
	if (sk.sk_bound_dev_if !== 0) {
		const t = l3mdev_fib_table_by_index(net, sk.sk_bound_dev_if);
		if (t !== 0) tb_id = t;
	}
	const chk_addr_ret = inet_addr_type_table(net, addr, tb_id);
	if (
		addr !== 0 &&
		chk_addr_ret !== RTN_LOCAL &&
		chk_addr_ret !== RTN_MULTICAST &&
		chk_addr_ret !== RTN_BROADCAST
	)
		return -EADDRNOTAVAIL;
	inet.inet_rcv_saddr = inet.inet_saddr = addr;
	if (chk_addr_ret === RTN_MULTICAST || chk_addr_ret === RTN_BROADCAST)
		inet.inet_saddr = 0 as __be32;
	sk_dst_reset(sk);
	return 0;
}

/**
 * Receives a packet, IP header included.
 * @returns bytes or a negative errno
 * @kernel net/ipv4/raw.c:751 (v5.10)
 */
function raw_recvmsg(sk: sock, msg: msghdr, len: number, noblock: boolean, flags: number): number {
	if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP;
	if ((flags & MSG_ERRQUEUE) !== 0) return ip_recv_error(sk, msg, len);
	const ec: errcode = { err: 0 };
	const skb = skb_recv_datagram(sk, flags, noblock, ec);
	if (skb === null) return ec.err;
	let copied = skb.len;
	if (len < copied) {
		msg.flags |= MSG_TRUNC;
		copied = len;
	}
	const err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (err === 0) {
		sock_recv_ts_and_drops(msg, sk, skb);
		msg.name = { family: AF_INET, addr: ip_saddr(skb), port: 0 };
		if (inet_sk(sk).cmsg_flags !== 0) ip_cmsg_recv(msg, skb);
		if ((flags & MSG_TRUNC) !== 0) copied = skb.len;
	}
	skb_free_datagram(sk, skb);
	return err !== 0 ? err : copied;
}

/**
 * Readies a new socket.
 * @returns 0
 * @kernel net/ipv4/raw.c:804 (v5.10)
 */
function raw_sk_init(sk: sock): number {
	if (inet_sk(sk).inet_num === IPPROTO_ICMP) raw_sk(sk).filter = 0;
	return 0;
}

/**
 * setsockopt(): ICMP_FILTER at level SOL_RAW, else level SOL_IP.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/raw.c:853 (v5.10)
 */
function raw_setsockopt(sk: sock, level: number, optname: number, optval: sockopt_value): number {
	if (level !== SOL_RAW) return ip_setsockopt(sk, level, optname, optval);
	if (optname !== ICMP_FILTER) return -ENOPROTOOPT;
	if (inet_sk(sk).inet_num !== IPPROTO_ICMP) return -EOPNOTSUPP;
	if (typeof optval !== 'number') return -EINVAL;
	raw_sk(sk).filter = optval >>> 0;
	return 0;
}

/**
 * getsockopt(): ICMP_FILTER at level SOL_RAW, else level SOL_IP.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/raw.c:873 (v5.10)
 */
function raw_getsockopt(sk: sock, level: number, optname: number, res: sockopt_result): number {
	if (level !== SOL_RAW) return ip_getsockopt(sk, level, optname, res);
	if (optname !== ICMP_FILTER) return -ENOPROTOOPT;
	if (inet_sk(sk).inet_num !== IPPROTO_ICMP) return -EOPNOTSUPP;
	res.val = raw_sk(sk).filter;
	return 0;
}

/**
 * Ends a socket's connection with an error.
 * @param err positive errno
 * @returns 0
 * @kernel net/ipv4/raw.c:927 (v5.10)
 */
export function raw_abort(sk: sock, err: number): number {
	lock_sock(sk);
	sk.sk_err = err;
	sk.sk_error_report(sk);
	__udp_disconnect(sk, 0);
	release_sock(sk);
	return 0;
}

export const raw_prot: proto = {
	name: 'RAW',
	close: raw_close,
	destroy: raw_destroy,
	connect: ip4_datagram_connect,
	disconnect: __udp_disconnect,
	init: raw_sk_init,
	setsockopt: raw_setsockopt,
	getsockopt: raw_getsockopt,
	sendmsg: raw_sendmsg,
	recvmsg: raw_recvmsg,
	bind: raw_bind,
	backlog_rcv: raw_rcv_skb,
	release_cb: ip4_datagram_release_cb,
	hash: raw_hash_sk,
	unhash: raw_unhash_sk,
	max_header: 0,
	no_autobind: false,
	alloc: (net) => new raw_sock(net, raw_prot),
	raw_hash: raw_v4_hashinfo,
	diag_destroy: raw_abort,
};

/**
 * The text of /proc/net/raw.
 * @kernel net/ipv4/raw.c:1066 (v5.10)
 */
function raw_seq_show(net: net): string {
	let text = UDP_SEQ_HEADER + '\n';
	const { ht } = raw_v4_hashinfo.of(net.machine);
	for (let i = 0; i < ht.length; i++)
		for (let n = ht[i].first; n !== null; n = n.hnnode_next) {
			if (n.sk_net !== net) continue;
			const sp = n as sock;
			text +=
				udp4_format_sock(
					sp,
					i,
					4,
					sk_rmem_alloc_get(sp),
					inet_sk(sp).inet_num,
					0,
				) + '\n';
		}
	return text;
}

/**
 * Makes a namespace's /proc/net/raw.
 * @returns 0
 * @kernel net/ipv4/raw.c:1084 (v5.10)
 */
function raw_init_net(net: net): number {
	proc_create_net(net, 'raw', () => raw_seq_show(net));
	return 0;
}

/**
 * Removes it.
 * @kernel net/ipv4/raw.c:1093 (v5.10)
 */
function raw_exit_net(net: net): void {
	remove_proc_entry(net, 'raw');
}

/**
 * Shows raw sockets in every namespace.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/raw.c:1103 (v5.10)
 */
export function raw_proc_init(m: Machine): number {
	return register_pernet_subsys(m, { init: raw_init_net, exit: raw_exit_net });
}
