// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv4/ping.c, base v5.10: ICMP datagram sockets, of both families.
 *
 * PORT: a program belongs to group 0 alone. What a send works with is one object a machine.
 * Not ported: the seq_file steps of /proc/net/icmp, whose text is made in one go, and the lock around the range of groups.
 */
import {
	get_unaligned_be16,
	htons,
	put_unaligned_be16,
	ntohs,
} from '../../include/linux/byteorder/generic.ts';
import { dst_confirm_neigh } from '../../include/net/dst.ts';
import { proc_create_net, remove_proc_entry } from '../../include/linux/proc_fs.ts';
import { register_pernet_subsys } from '../core/net_namespace.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { ipv4_is_multicast } from '../../include/linux/in.ts';
import { ip_daddr, ip_saddr } from '../../include/linux/ip.ts';
import { inet6_sk } from '../../include/linux/ipv6.ts';
import {
	hlist_nulls_add_head,
	hlist_nulls_del,
	type hlist_nulls_head,
} from '../../include/linux/list_nulls.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import type { net_device } from '../../include/linux/netdevice.ts';
import { CHECKSUM_NONE, skb_peek, type sk_buff } from '../../include/linux/skbuff.ts';
import {
	AF_INET,
	AF_INET6,
	AF_UNSPEC,
	copy_from_iter_full,
	MSG_CONFIRM,
	MSG_DONTROUTE,
	MSG_ERRQUEUE,
	MSG_OOB,
	MSG_PROBE,
	MSG_TRUNC,
	type msghdr,
	type sockaddr,
} from '../../include/linux/socket.ts';
import type { __be32 } from '../../include/linux/types.ts';
import { csum_block_add, csum_fold, csum_partial } from '../../include/net/checksum.ts';
import { flowi4, flowi4_init_output } from '../../include/net/flow.ts';
import { icmp_err_convert, icmp_out_count } from '../../include/net/icmp.ts';
import {
	inet_can_nonlocal_bind,
	inet_sk,
	inet_sk_flowi_flags,
	inet_sock,
} from '../../include/net/inet_sock.ts';
import { get_rttos, ipcm_cookie, ipcm_init_sk, net_hash_mix } from '../../include/net/ip.ts';
import { netif_index_is_l3_master } from '../../include/net/l3mdev.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { PING_HTABLE_MASK, ping_table, pingfakehdr, pingv6_ops } from '../../include/net/ping.ts';
import { RTCF_BROADCAST, RTO_ONLINK } from '../../include/net/route.ts';
import { IP_INC_STATS } from '../../include/net/snmp.ts';
import {
	sk_hashed,
	sk_unhashed,
	SOCK_BINDADDR_LOCK,
	SOCK_BINDPORT_LOCK,
	SOCK_BROADCAST,
	sock_flag,
	sock_hold,
	SOCK_LOCALROUTE,
	sock_net,
	type proto,
	type sock,
	type sock_common,
	sk_rmem_alloc_get,
} from '../../include/net/sock.ts';
import { TCP_ESTABLISHED } from '../../include/net/tcp_states.ts';
import {
	EACCES,
	EADDRINUSE,
	EADDRNOTAVAIL,
	EAFNOSUPPORT,
	EDESTADDRREQ,
	EFAULT,
	EHOSTUNREACH,
	EINVAL,
	EMSGSIZE,
	ENETUNREACH,
	ENODEV,
	EOPNOTSUPP,
	EPROTO,
	EREMOTEIO,
} from '../../include/uapi/linux/errno.ts';
import {
	ICMP_DEST_UNREACH,
	ICMP_ECHO,
	ICMP_FRAG_NEEDED,
	ICMP_PARAMETERPROB,
	ICMP_REDIRECT,
	ICMP_SOURCE_QUENCH,
	ICMPHDR_checksum,
	ICMPHDR_code,
	ICMPHDR_LEN,
	ICMPHDR_type,
	ICMPHDR_un_echo_id,
	ICMPHDR_un_echo_sequence,
	NR_ICMP_UNREACH,
} from '../../include/uapi/linux/icmp.ts';
import { ICMPV6_ECHO_REQUEST } from '../../include/uapi/linux/icmpv6.ts';
import { ETH_P_IP, ETH_P_IPV6 } from '../../include/uapi/linux/if_ether.ts';
import { INADDR_ANY, IP_PMTUDISC_DONT } from '../../include/uapi/linux/in.ts';
import { IPV6HDR_daddr, IPV6HDR_saddr } from '../../include/uapi/linux/ipv6.ts';
import {
	RT_SCOPE_UNIVERSE,
	RTN_BROADCAST,
	RTN_LOCAL,
	RTN_MULTICAST,
} from '../../include/uapi/linux/rtnetlink.ts';
import { IPSTATS_MIB_OUTNOROUTES } from '../../include/uapi/linux/snmp.ts';
import {
	__ipv6_addr_needs_scope_id,
	ip6_flowinfo,
	IPV6_ADDR_ANY,
	IPV6_ADDR_UNICAST,
	ipv6_addr_any,
	ipv6_addr_equal,
	ipv6_addr_type,
	ipv6_can_nonlocal_bind,
	ipv6_iface_scope_id,
} from '../../include/net/ipv6.ts';
import { inet6_iif } from '../../include/linux/ipv6.ts';
import { skb_copy_datagram_msg, skb_free_datagram, skb_recv_datagram } from '../core/datagram.ts';
import { dev_get_by_index_rcu } from '../core/dev.ts';
import { kfree_skb, skb_clone, skb_push } from '../core/skbuff.ts';
import {
	lock_sock,
	release_sock,
	sk_common_release,
	sk_dst_reset,
	sock_prot_inuse_add,
	sock_put,
	sock_queue_rcv_skb,
	sock_recv_timestamp,
	type errcode,
} from '../core/sock.ts';
import { ip4_datagram_connect, ip4_datagram_release_cb } from './datagram.ts';
import { inet_addr_type } from './fib_frontend.ts';
import {
	ip_append_data,
	ip_flush_pending_frames,
	ip_push_pending_frames,
	rtable_ref,
} from './ip_output.ts';
import {
	ip_cmsg_recv,
	ip_cmsg_send,
	ip_getsockopt,
	ip_icmp_error,
	ip_recv_error,
	ip_setsockopt,
} from './ip_sockglue.ts';
import { ip_route_output_flow, ip_rt_put, ipv4_sk_redirect, ipv4_sk_update_pmtu } from './route.ts';
import { __udp_disconnect, udp4_format_sock, UDP_SEQ_HEADER, UDP_SEQ_WIDTH } from './udp.ts';

/** What ping_v4_sendmsg() works with. */
const send_scratch = machine_var(() => ({
	ipc: new ipcm_cookie(),
	fl4: new flowi4(),
	icmph: new Uint8Array(ICMPHDR_LEN),
	rtp: new rtable_ref(),
}));

/**
 * Slot of an identifier.
 * @kernel net/ipv4/ping.c:62 (v5.10)
 */
function ping_hashfn(net: net, num: number, mask: number): number {
	return ((num + net_hash_mix(net)) & mask) >>> 0;
}

/**
 * Chain of an identifier.
 * @kernel net/ipv4/ping.c:71 (v5.10)
 */
function ping_hashslot(net: net, num: number): hlist_nulls_head<sock_common> {
	return ping_table.of(net.machine).hash[ping_hashfn(net, num, PING_HTABLE_MASK)];
}

/**
 * Gives a socket an identifier.
 * @param ident 0 for any
 * @returns 0, or 1 when it is taken
 * @kernel net/ipv4/ping.c:77 (v5.10)
 */
export function ping_get_port(sk: sock, ident: number): number {
	const net = sock_net(sk);
	const table = ping_table.of(net.machine);
	let hlist: hlist_nulls_head<sock_common> | null = null;
	if (ident === 0) {
		let result = (table.ping_port_rover + 1) & 0xffff;
		let i = 0;
		next_port: for (; i < 1 << 16; i++, result = (result + 1) & 0xffff) {
			if (result === 0) result = 1;
			hlist = ping_hashslot(net, result);
			for (let sk2 = hlist.first; sk2 !== null; sk2 = sk2.hnnode_next)
				if (sk2.sk_num === result) continue next_port;
			table.ping_port_rover = ident = result;
			break;
		}
		if (i >= 1 << 16) return 1;
	} else {
		hlist = ping_hashslot(net, ident);
		for (let sk2 = hlist.first; sk2 !== null; sk2 = sk2.hnnode_next)
			if (
				sk2.sk_num === ident &&
				sk2 !== sk &&
				(sk2.sk_reuse === 0 || sk.sk_reuse === 0)
			)
				return 1;
	}
	inet_sk(sk).inet_num = ident;
	if (sk_unhashed(sk)) {
		sock_hold(sk);
		hlist_nulls_add_head<sock_common>(sk, hlist!);
		sock_prot_inuse_add(net, sk.sk_prot, 1);
	}
	return 0;
}

/**
 * Never called: binding hashes.
 * @kernel net/ipv4/ping.c:143 (v5.10)
 */
export function ping_hash(sk: sock): number {
	sk.machine.record('BUG', 'ping_hash', 'a ping socket is hashed by its identifier');
	return 0;
}

/**
 * Takes a socket's identifier.
 * @kernel net/ipv4/ping.c:151 (v5.10)
 */
export function ping_unhash(sk: sock): void {
	const isk = inet_sk(sk);
	if (sk_hashed(sk)) {
		hlist_nulls_del<sock_common>(sk);
		sock_put(sk);
		isk.inet_num = 0;
		isk.inet_sport = htons(0);
		sock_prot_inuse_add(sock_net(sk), sk.sk_prot, -1);
	}
}

/**
 * Finds the socket of an identifier.
 * @returns referenced, or null
 * @kernel net/ipv4/ping.c:169 (v5.10)
 */
function ping_lookup(net: net, skb: sk_buff, ident: number): sock | null {
	const dif = skb.dev!.ifindex;
	for (let s = ping_hashslot(net, ident).first; s !== null; s = s.hnnode_next) {
		const sk = s as sock;
		if (sk.sk_num !== ident) continue;
		if (skb.protocol === ETH_P_IP && sk.sk_family === AF_INET) {
			const rcv = inet_sk(sk).inet_rcv_saddr;
			if (rcv !== 0 && rcv !== ip_daddr(skb)) continue;
		} else if (skb.protocol === ETH_P_IPV6 && sk.sk_family === AF_INET6) {
			if (
				!ipv6_addr_any(sk.sk_v6_rcv_saddr) &&
				!ipv6_addr_equal(
					skb.head,
					sk.sk_v6_rcv_saddr,
					skb.network_header + IPV6HDR_daddr,
				)
			)
				continue;
		} else {
			continue;
		}
		if (sk.sk_bound_dev_if !== 0 && sk.sk_bound_dev_if !== dif) continue;
		sock_hold(sk);
		return sk;
	}
	return null;
}

/**
 * Lets a program have a ping socket if its group may.
 * @returns 0 or -EACCES
 * @kernel net/ipv4/ping.c:252 (v5.10)
 */
export function ping_init_sock(sk: sock): number {
	if (sk.sk_family === AF_INET6) sk.sk_ipv6only = true;
	const [low, high] = sock_net(sk).ipv4.ping_group_range.range;
	return low <= 0 && 0 <= high ? 0 : -EACCES;
}

/**
 * Closes a socket.
 * @kernel net/ipv4/ping.c:284 (v5.10)
 */
export function ping_close(sk: sock, _timeout: number): void {
	sk_common_release(sk);
}

/**
 * Tells whether a socket may bind to an address.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/ping.c:295 (v5.10)
 */
function ping_check_bind_addr(sk: sock, isk: inet_sock, uaddr: sockaddr): number {
	const net = sock_net(sk);
	if (sk.sk_family === AF_INET) {
		let addr = INADDR_ANY as __be32;
		if (uaddr.family === AF_INET) addr = (uaddr.addr >>> 0) as __be32;
		else if (uaddr.family !== AF_UNSPEC) return -EAFNOSUPPORT;
		const chk_addr_ret = addr === INADDR_ANY ? RTN_LOCAL : inet_addr_type(net, addr);
		if (
			(!inet_can_nonlocal_bind(net, isk) && chk_addr_ret !== RTN_LOCAL) ||
			chk_addr_ret === RTN_MULTICAST ||
			chk_addr_ret === RTN_BROADCAST
		)
			return -EADDRNOTAVAIL;
		return 0;
	}
	if (sk.sk_family !== AF_INET6 || uaddr.family !== AF_INET6) return -EAFNOSUPPORT;
	const addr_type = ipv6_addr_type(uaddr.addr);
	const scoped = __ipv6_addr_needs_scope_id(addr_type);
	const scope_id = uaddr.scope_id ?? 0;
	if (
		(addr_type !== IPV6_ADDR_ANY && (addr_type & IPV6_ADDR_UNICAST) === 0) ||
		(scoped && scope_id === 0)
	)
		return -EINVAL;
	let dev: net_device | null = null;
	if (scope_id !== 0) {
		dev = dev_get_by_index_rcu(net, scope_id);
		if (dev === null) return -ENODEV;
	}
	const ops = pingv6_ops.of(net.machine).ops;
	const has_addr = ops !== null && ops.ipv6_chk_addr(net, uaddr.addr, dev, scoped ? 1 : 0);
	if (!(ipv6_can_nonlocal_bind(net, isk) || has_addr || addr_type === IPV6_ADDR_ANY))
		return -EADDRNOTAVAIL;
	if (scoped) sk.sk_bound_dev_if = scope_id;
	return 0;
}

/**
 * Sets the address a socket is bound to.
 * @kernel net/ipv4/ping.c:372 (v5.10)
 */
function ping_set_saddr(sk: sock, saddr: sockaddr): void {
	if (saddr.family === AF_INET) {
		const isk = inet_sk(sk);
		isk.inet_rcv_saddr = isk.inet_saddr = (saddr.addr >>> 0) as __be32;
	} else if (saddr.family === AF_INET6) {
		inet6_sk(sk)!.saddr.set(saddr.addr);
		sk.sk_v6_rcv_saddr.set(saddr.addr);
	}
}

/**
 * Binds a socket to an address and an identifier (the port).
 * @returns 0 or a negative errno
 * @kernel net/ipv4/ping.c:392 (v5.10)
 */
export function ping_bind(sk: sock, uaddr: sockaddr): number {
	const isk = inet_sk(sk);
	const dif = sk.sk_bound_dev_if;
	let err = ping_check_bind_addr(sk, isk, uaddr);
	if (err !== 0) return err;
	const snum = uaddr.family === AF_INET || uaddr.family === AF_INET6 ? uaddr.port : 0;
	lock_sock(sk);
	out: {
		err = -EINVAL;
		if (isk.inet_num !== 0) break out;
		err = -EADDRINUSE;
		if (ping_get_port(sk, snum) !== 0) {
			/* Undo what the check of a scoped address set. */
			sk.sk_bound_dev_if = dif;
			break out;
		}
		ping_set_saddr(sk, uaddr);
		err = 0;
		if (sk.sk_family === AF_INET && isk.inet_rcv_saddr !== 0)
			sk.sk_userlocks |= SOCK_BINDADDR_LOCK;
		if (sk.sk_family === AF_INET6 && !ipv6_addr_any(sk.sk_v6_rcv_saddr))
			sk.sk_userlocks |= SOCK_BINDADDR_LOCK;
		if (snum !== 0) sk.sk_userlocks |= SOCK_BINDPORT_LOCK;
		isk.inet_sport = htons(isk.inet_num);
		isk.inet_daddr = 0 as __be32;
		isk.inet_dport = htons(0);
		if (sk.sk_family === AF_INET6) sk.sk_v6_daddr.fill(0);
		sk_dst_reset(sk);
	}
	release_sock(sk);
	return err;
}

/**
 * Tells whether ping sockets send a type of message.
 * @kernel net/ipv4/ping.c:453 (v5.10)
 */
function ping_supported(family: number, type: number, code: number): boolean {
	return (
		(family === AF_INET && type === ICMP_ECHO && code === 0) ||
		(family === AF_INET6 && type === ICMPV6_ECHO_REQUEST && code === 0)
	);
}

/**
 * Tells the socket that sent an echo request of an error.
 * @param offset of the quoted ICMP header from data
 * @param info MTU or gateway
 * @kernel net/ipv4/ping.c:464 (v5.10)
 */
export function ping_err(skb: sk_buff, offset: number, info: number): void {
	const net = skb.dev!.nd_net;
	const family = skb.protocol === ETH_P_IP ? AF_INET : AF_INET6;
	const type = skb.head[skb.transport_header + ICMPHDR_type];
	const code = skb.head[skb.transport_header + ICMPHDR_code];
	const icmph = skb.data + offset;
	if (!ping_supported(family, skb.head[icmph + ICMPHDR_type], skb.head[icmph + ICMPHDR_code]))
		return;
	const sk = ping_lookup(net, skb, get_unaligned_be16(skb.head, icmph + ICMPHDR_un_echo_id));
	if (sk === null) return;
	const inet = inet_sk(sk);
	let err = 0;
	let harderr = false;
	out: {
		if (family === AF_INET) {
			switch (type) {
				default:
					err = EHOSTUNREACH;
					break;
				case ICMP_SOURCE_QUENCH:
					err = EREMOTEIO;
					break;
				case ICMP_PARAMETERPROB:
					err = EPROTO;
					harderr = true;
					break;
				case ICMP_DEST_UNREACH:
					if (code === ICMP_FRAG_NEEDED) {
						ipv4_sk_update_pmtu(skb, sk, info);
						if (inet.pmtudisc !== IP_PMTUDISC_DONT) {
							err = EMSGSIZE;
							harderr = true;
							break;
						}
						break out;
					}
					err = EHOSTUNREACH;
					if (code <= NR_ICMP_UNREACH) {
						harderr = icmp_err_convert[code].fatal;
						err = icmp_err_convert[code].errno;
					}
					break;
				case ICMP_REDIRECT:
					ipv4_sk_redirect(skb, sk);
					err = EREMOTEIO;
					break;
			}
		} else {
			const ops = pingv6_ops.of(net.machine).ops;
			const e = { err: 0 };
			harderr = ops !== null && ops.icmpv6_err_convert(type, code, e) !== 0;
			err = e.err;
		}
		const recverr = family === AF_INET ? inet.recverr : inet6_sk(sk)!.recverr !== 0;
		if (!recverr) {
			if (!harderr || sk.sk_state !== TCP_ESTABLISHED) break out;
		} else if (family === AF_INET) {
			ip_icmp_error(sk, skb, err, htons(0), info, icmph);
		} else {
			pingv6_ops
				.of(net.machine)
				.ops?.ipv6_icmp_error(sk, skb, err, 0, info, icmph);
		}
		sk.sk_err = err;
		sk.sk_error_report(sk);
	}
	sock_put(sk);
}

/**
 * getfrag of a ping: copies the payload behind the header that is written last.
 * @returns 0 or -EFAULT
 * @kernel net/ipv4/ping.c:585 (v5.10)
 */
export function ping_getfrag(
	pfh: pingfakehdr,
	to: Uint8Array,
	to_off: number,
	offset: number,
	fraglen: number,
	odd: number,
	skb: sk_buff,
): number {
	if (offset === 0) {
		to_off += ICMPHDR_LEN;
		fraglen -= ICMPHDR_LEN;
		if (fraglen < 0) {
			skb.machine.record(
				'BUG',
				'ping_getfrag',
				'first piece shorter than the header',
			);
			return -EFAULT;
		}
	}
	if (!copy_from_iter_full(to, to_off, fraglen, pfh.msg)) return -EFAULT;
	pfh.wcheck = csum_block_add(pfh.wcheck, csum_partial(to, to_off, fraglen, 0), odd);
	if (pfh.family === AF_INET6) {
		skb.csum = pfh.wcheck;
		skb.ip_summed = CHECKSUM_NONE;
		pfh.wcheck = 0;
	}
	return 0;
}

/**
 * Completes and sends a ping.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/ping.c:622 (v5.10)
 */
function ping_v4_push_pending_frames(sk: sock, pfh: pingfakehdr, fl4: flowi4): number {
	const skb = skb_peek(sk.sk_write_queue);
	if (skb === null) return 0;
	pfh.wcheck = csum_partial(pfh.icmph, 0, ICMPHDR_LEN, pfh.wcheck);
	put_unaligned_be16(csum_fold(pfh.wcheck), pfh.icmph, ICMPHDR_checksum);
	for (let i = 0; i < ICMPHDR_LEN; i++) skb.head[skb.transport_header + i] = pfh.icmph[i];
	skb.ip_summed = CHECKSUM_NONE;
	return ip_push_pending_frames(sk, fl4);
}

/**
 * Reads the ICMP header of a message that a program sends.
 * @param user_icmph gets it
 * @returns 0 or a negative errno
 * @kernel net/ipv4/ping.c:637 (v5.10)
 */
export function ping_common_sendmsg(
	family: number,
	msg: msghdr,
	len: number,
	user_icmph: Uint8Array,
	icmph_len: number,
): number {
	if (len > 0xffff) return -EMSGSIZE;
	if (len < icmph_len) return -EINVAL;
	if ((msg.flags & MSG_OOB) !== 0) return -EOPNOTSUPP;
	if (!copy_from_iter_full(user_icmph, 0, icmph_len, msg)) return -EFAULT;
	if (!ping_supported(family, user_icmph[ICMPHDR_type], user_icmph[ICMPHDR_code]))
		return -EINVAL;
	return 0;
}

/**
 * Sends an echo request.
 * @param len bytes, ICMP header included
 * @returns bytes or a negative errno
 * @kernel net/ipv4/ping.c:683 (v5.10)
 */
function ping_v4_sendmsg(sk: sock, msg: msghdr, len: number): number {
	const net = sock_net(sk);
	const inet = inet_sk(sk);
	const { ipc, fl4, icmph, rtp } = send_scratch.of(net.machine);
	let err = ping_common_sendmsg(AF_INET, msg, len, icmph, ICMPHDR_LEN);
	if (err !== 0) return err;
	let daddr: __be32;
	if (msg.name !== null) {
		if (msg.name.family !== AF_INET) return -EAFNOSUPPORT;
		daddr = (msg.name.addr >>> 0) as __be32;
	} else {
		if (sk.sk_state !== TCP_ESTABLISHED) return -EDESTADDRREQ;
		daddr = inet.inet_daddr;
	}
	ipcm_init_sk(ipc, inet);
	err = ip_cmsg_send(sk, msg, ipc, false);
	if (err !== 0) return err;
	if (ipc.opt === null) ipc.opt = inet.inet_opt;
	let saddr = ipc.addr;
	let faddr = daddr;
	ipc.addr = daddr;
	if (ipc.opt !== null && ipc.opt.opt.srr !== 0) {
		if (daddr === 0) return -EINVAL;
		faddr = ipc.opt.opt.faddr;
	}
	let tos = get_rttos(ipc, inet);
	if (
		sock_flag(sk, SOCK_LOCALROUTE) ||
		(msg.flags & MSG_DONTROUTE) !== 0 ||
		(ipc.opt !== null && ipc.opt.opt.is_strictroute)
	)
		tos |= RTO_ONLINK;
	if (ipv4_is_multicast(daddr)) {
		if (ipc.oif === 0 || netif_index_is_l3_master(net, ipc.oif))
			ipc.oif = inet.mc_index;
		if (saddr === 0) saddr = inet.mc_addr;
	} else if (ipc.oif === 0) {
		ipc.oif = inet.uc_index;
	}
	flowi4_init_output(
		fl4,
		ipc.oif,
		ipc.sockc.mark,
		tos,
		RT_SCOPE_UNIVERSE,
		sk.sk_protocol,
		inet_sk_flowi_flags(sk),
		faddr,
		saddr,
		htons(0),
		htons(0),
		sk.sk_uid,
	);
	fl4.fl4_icmp_type = icmph[ICMPHDR_type];
	fl4.fl4_icmp_code = icmph[ICMPHDR_code];
	out: {
		const rt = ip_route_output_flow(net, fl4, sk);
		if (IS_ERR(rt)) {
			err = rt;
			if (err === -ENETUNREACH) IP_INC_STATS(net, IPSTATS_MIB_OUTNOROUTES);
			break out;
		}
		rtp.rt = rt;
		err = -EACCES;
		if ((rt.rt_flags & RTCF_BROADCAST) !== 0 && !sock_flag(sk, SOCK_BROADCAST))
			break out;
		if ((msg.flags & MSG_CONFIRM) !== 0 && (msg.flags & MSG_PROBE) !== 0) {
			dst_confirm_neigh(rt, fl4.daddr);
			if (len === 0) {
				err = 0;
				break out;
			}
		}
		if (ipc.addr === 0) ipc.addr = fl4.daddr;
		lock_sock(sk);
		const pfh = new pingfakehdr(msg, AF_INET);
		pfh.icmph[ICMPHDR_type] = icmph[ICMPHDR_type];
		pfh.icmph[ICMPHDR_code] = icmph[ICMPHDR_code];
		put_unaligned_be16(inet.inet_sport, pfh.icmph, ICMPHDR_un_echo_id);
		put_unaligned_be16(
			get_unaligned_be16(icmph, ICMPHDR_un_echo_sequence),
			pfh.icmph,
			ICMPHDR_un_echo_sequence,
		);
		err = ip_append_data(sk, fl4, ping_getfrag, pfh, len, 0, ipc, rtp, msg.flags);
		if (err !== 0) ip_flush_pending_frames(sk);
		else err = ping_v4_push_pending_frames(sk, pfh, fl4);
		release_sock(sk);
	}
	if (rtp.rt !== null) ip_rt_put(rtp.rt);
	rtp.rt = null;
	if (err !== 0) return err;
	icmp_out_count(net, icmph[ICMPHDR_type]);
	return len;
}

/**
 * Receives an answer, from the ICMP header on.
 * @returns bytes or a negative errno
 * @kernel net/ipv4/ping.c:842 (v5.10)
 */
export function ping_recvmsg(
	sk: sock,
	msg: msghdr,
	len: number,
	noblock: boolean,
	flags: number,
): number {
	const isk = inet_sk(sk);
	const family = sk.sk_family;
	const v6 = pingv6_ops.of(sk.machine).ops;
	if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP;
	if ((flags & MSG_ERRQUEUE) !== 0) {
		if (family === AF_INET) return ip_recv_error(sk, msg, len);
		return v6 === null ? -EINVAL : v6.ipv6_recv_error(sk, msg, len);
	}
	const ec: errcode = { err: 0 };
	const skb = skb_recv_datagram(sk, flags, noblock, ec);
	if (skb === null) return ec.err;
	let copied = skb.len;
	if (copied > len) {
		msg.flags |= MSG_TRUNC;
		copied = len;
	}
	let err = skb_copy_datagram_msg(skb, 0, msg, copied);
	if (err === 0) {
		sock_recv_timestamp(msg, sk, skb);
		if (family === AF_INET) {
			msg.name = { family: AF_INET, addr: ip_saddr(skb), port: 0 };
			if (isk.cmsg_flags !== 0) ip_cmsg_recv(msg, skb);
		} else if (family === AF_INET6) {
			const np = inet6_sk(sk)!;
			const at = skb.network_header + IPV6HDR_saddr;
			const addr = skb.head.slice(at, at + 16);
			msg.name = {
				family: AF_INET6,
				addr,
				port: 0,
				flowinfo:
					np.sndflow !== 0
						? ip6_flowinfo(skb.head, skb.network_header)
						: 0,
				scope_id: ipv6_iface_scope_id(addr, inet6_iif(skb)),
			};
			if (v6 !== null) {
				v6.ip6_datagram_recv_common_ctl(sk, msg, skb);
				if (skb.protocol === ETH_P_IPV6)
					v6.ip6_datagram_recv_specific_ctl(sk, msg, skb);
			}
			if (skb.protocol === ETH_P_IP && isk.cmsg_flags !== 0)
				ip_cmsg_recv(msg, skb);
		}
		err = copied;
	}
	skb_free_datagram(sk, skb);
	return err;
}

/**
 * Queues an answer, or drops it.
 * @returns 0 or -1
 * @kernel net/ipv4/ping.c:932 (v5.10)
 */
export function ping_queue_rcv_skb(sk: sock, skb: sk_buff): number {
	if (sock_queue_rcv_skb(sk, skb) < 0) {
		kfree_skb(skb);
		return -1;
	}
	return 0;
}

/**
 * Takes an echo reply, data behind its ICMP header.
 * @returns whether a socket wanted it
 * @kernel net/ipv4/ping.c:950 (v5.10)
 */
export function ping_rcv(skb: sk_buff): boolean {
	const net = skb.dev!.nd_net;
	const icmph = skb.transport_header;
	skb_push(skb, skb.data - icmph);
	const sk = ping_lookup(net, skb, get_unaligned_be16(skb.head, icmph + ICMPHDR_un_echo_id));
	if (sk === null) return false;
	ping_queue_rcv_skb(sk, skb_clone(skb));
	sock_put(sk);
	return true;
}

export const ping_prot: proto = {
	name: 'PING',
	init: ping_init_sock,
	close: ping_close,
	connect: ip4_datagram_connect,
	disconnect: __udp_disconnect,
	setsockopt: ip_setsockopt,
	getsockopt: ip_getsockopt,
	sendmsg: ping_v4_sendmsg,
	recvmsg: ping_recvmsg,
	bind: ping_bind,
	backlog_rcv: ping_queue_rcv_skb,
	release_cb: ip4_datagram_release_cb,
	hash: ping_hash,
	unhash: ping_unhash,
	get_port: ping_get_port,
	max_header: 0,
	no_autobind: false,
	alloc: (net) => new inet_sock(net, ping_prot),
};

/**
 * The text of /proc/net/icmp.
 * @kernel net/ipv4/ping.c:1114 (v5.10)
 */
function ping_v4_seq_show(net: net): string {
	let text = UDP_SEQ_HEADER.padEnd(UDP_SEQ_WIDTH) + '\n';
	const { hash } = ping_table.of(net.machine);
	for (let i = 0; i < hash.length; i++)
		for (let n = hash[i].first; n !== null; n = n.hnnode_next) {
			if (n.sk_family !== AF_INET || n.sk_net !== net) continue;
			const sp = n as sock;
			const inet = inet_sk(sp);
			const line = udp4_format_sock(
				sp,
				i,
				5,
				sk_rmem_alloc_get(sp),
				ntohs(inet.inet_sport),
				ntohs(inet.inet_dport),
			);
			text += line.padEnd(UDP_SEQ_WIDTH) + '\n';
		}
	return text;
}

/**
 * Makes a namespace's /proc/net/icmp.
 * @returns 0
 * @kernel net/ipv4/ping.c:1137 (v5.10)
 */
function ping_v4_proc_init_net(net: net): number {
	proc_create_net(net, 'icmp', () => ping_v4_seq_show(net));
	return 0;
}

/**
 * Removes it.
 * @kernel net/ipv4/ping.c:1145 (v5.10)
 */
function ping_v4_proc_exit_net(net: net): void {
	remove_proc_entry(net, 'icmp');
}

/**
 * Shows ping sockets in every namespace.
 * @returns 0 or a negative errno
 * @kernel net/ipv4/ping.c:1155 (v5.10)
 */
export function ping_proc_init(m: Machine): number {
	return register_pernet_subsys(m, {
		init: ping_v4_proc_init_net,
		exit: ping_v4_proc_exit_net,
	});
}

/**
 * Starts ping sockets on a machine.
 * @kernel net/ipv4/ping.c:1167 (v5.10)
 */
export function ping_init(m: Machine): void {
	ping_table.of(m);
}
