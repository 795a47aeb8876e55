// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/raw.c, base v5.10: raw IPv6 sockets.
 *
 * PORT: what a send works with is one object a machine: a send does not begin within another. The entry and the
 * operations for socket() are in af_inet6.ts.
 * Not ported: mobile IPv6, multicast routing, router alert, exclusive flow labels, routing headers a sender gives,
 * ioctl, /proc/net/raw6.
 */
import { get_unaligned_be16, put_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { inet6_iif, inet6_sdif, inet6_sk } from '../../include/linux/ipv6.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import {
	LL_RESERVED_SPACE,
	NET_RX_DROP,
	type net_device,
} from '../../include/linux/netdevice.ts';
import {
	CHECKSUM_COMPLETE,
	CHECKSUM_NONE,
	CHECKSUM_PARTIAL,
	CHECKSUM_UNNECESSARY,
	skb_csum_unnecessary,
	skb_peek,
	skb_reserve,
	skb_reset_network_header,
	skb_transport_offset,
	type sk_buff,
} from '../../include/linux/skbuff.ts';
import {
	AF_INET6,
	AF_UNSPEC,
	copy_from_iter_full,
	MSG_CONFIRM,
	MSG_DONTWAIT,
	MSG_ERRQUEUE,
	MSG_MORE,
	MSG_OOB,
	MSG_PROBE,
	MSG_TRUNC,
	SOCK_RAW,
	SOL_ICMPV6,
	SOL_IPV6,
	SOL_RAW,
	type msghdr,
	type sockaddr,
	type sockopt_result,
	type sockopt_value,
} from '../../include/linux/socket.ts';
import type { __be32 } from '../../include/linux/types.ts';
import {
	csum_add,
	csum_block_add,
	csum_ipv6_magic,
	CSUM_MANGLED_0,
	csum_partial,
	csum_sub,
	csum_unfold,
} from '../../include/net/checksum.ts';
import {
	dst_confirm_neigh,
	type dst_entry,
	dst_output,
	dst_release,
	skb_dst_set,
} from '../../include/net/dst.ts';
import { flowi6, FLOWI_FLAG_KNOWN_NH } from '../../include/net/flow.ts';
import { inet_sk } from '../../include/net/inet_sock.ts';
import { ip6_dst_idev, type rt6_info } from '../../include/net/ip6_fib.ts';
import {
	__ipv6_addr_needs_scope_id,
	__ipv6_addr_type,
	ip6_make_flowinfo,
	ipcm6_cookie,
	ipcm6_init,
	IPV6_ADDR_ANY,
	ipv6_addr_any,
	ipv6_addr_copy,
	ipv6_addr_equal,
	ipv6_addr_is_multicast,
	IPV6_ADDR_MAPPED,
	IPV6_ADDR_MULTICAST,
	ipv6_addr_type,
	IPV6_FLOWINFO_MASK,
	ipv6_iface_scope_id,
	ipv6_txoptions,
} from '../../include/net/ipv6.ts';
import { ipv6_stub } from '../../include/net/ipv6_stubs.ts';
import { l3mdev_ip6_out } from '../../include/net/l3mdev.ts';
import { NDISC_REDIRECT } from '../../include/net/ndisc.ts';
import type { net } from '../../include/net/net_namespace.ts';
import { RAW_HTABLE_SIZE, raw_sk_bound_dev_eq } from '../../include/net/raw.ts';
import { raw6_sk, raw6_sock, raw_v6_hashinfo } from '../../include/net/rawv6.ts';
import { IP6_INC_STATS, IP6_UPD_PO_STATS } from '../../include/net/snmp.ts';
import {
	sock_net,
	type proto,
	type sock,
	type sock_common,
} from '../../include/net/sock.ts';
import { TCP_CLOSE, TCP_ESTABLISHED } from '../../include/net/tcp_states.ts';
import { LOOPBACK4_IPV6 } from '../../include/net/transp_v6.ts';
import { xfrm6_policy_check, XFRM_POLICY_IN } from '../../include/net/xfrm.ts';
import {
	EADDRNOTAVAIL,
	EAFNOSUPPORT,
	EAGAIN,
	EDESTADDRREQ,
	EFAULT,
	EHOSTUNREACH,
	EINVAL,
	EMSGSIZE,
	ENOBUFS,
	ENODEV,
	ENOPROTOOPT,
	EOPNOTSUPP,
} from '../../include/uapi/linux/errno.ts';
import {
	icmp6_filter,
	ICMP6HDR_type,
	ICMPV6_FILTER,
	ICMPV6_PKT_TOOBIG,
} from '../../include/uapi/linux/icmpv6.ts';
import { ETH_P_IPV6 } from '../../include/uapi/linux/if_ether.ts';
import { IPPROTO_ICMPV6, IPPROTO_UDP } from '../../include/uapi/linux/in.ts';
import {
	IPV6_CHECKSUM,
	IPV6_HDRINCL,
	IPV6_PMTUDISC_DO,
} from '../../include/uapi/linux/in6.ts';
import { IPV6HDR_daddr, IPV6HDR_LEN, IPV6HDR_saddr } from '../../include/uapi/linux/ipv6.ts';
import { NF_INET_LOCAL_OUT, NFPROTO_IPV6 } from '../../include/uapi/linux/netfilter.ts';
import {
	IPSTATS_MIB_OUTDISCARDS,
	IPSTATS_MIB_OUTOCTETS,
	IPSTATS_MIB_OUTPKTS,
} from '../../include/uapi/linux/snmp.ts';
import {
	skb_copy_and_csum_datagram_msg,
	skb_copy_datagram_msg,
	skb_free_datagram,
	skb_kill_datagram,
	skb_recv_datagram,
} from '../core/datagram.ts';
import { dev_get_by_index_rcu } from '../core/dev.ts';
import {
	__skb_checksum_complete,
	kfree_skb,
	nf_reset_ct,
	skb_clone,
	skb_copy_bits,
	skb_dst_drop,
	skb_header_pointer_off,
	skb_postpull_rcsum,
	skb_put,
	skb_store_bits,
} from '../core/skbuff.ts';
import {
	lock_sock,
	release_sock,
	sk_common_release,
	sock_alloc_send_skb,
	sock_queue_rcv_skb,
	sock_recv_ts_and_drops,
	type errcode,
} from '../core/sock.ts';
import { ip_generic_getfrag, net_xmit_errno } from '../ipv4/ip_output.ts';
import { raw_abort, raw_hash_sk, raw_unhash_sk } from '../ipv4/raw.ts';
import { __udp_disconnect, msg_has_control } from '../ipv4/udp.ts';
import { NF_HOOK } from '../netfilter/core.ts';
import { ipv6_chk_addr } from './addrconf.ts';
import {
	ip6_datagram_connect_v6_only,
	ip6_datagram_recv_ctl,
	ip6_datagram_send_ctl,
	ipv6_icmp_error,
	ipv6_local_error,
	ipv6_recv_error,
	ipv6_recv_rxpmtu,
} from './datagram.ts';
import { icmpv6_err_convert } from './icmp.ts';
import { inet6_destroy_sock } from './inet6_common.ts';
import {
	ip6_append_data,
	ip6_dst_lookup_flow,
	ip6_flush_pending_frames,
	ip6_push_pending_frames,
	ip6_sk_dst_hoplimit,
} from './ip6_output.ts';
import { ipv6_getsockopt, ipv6_setsockopt } from './ipv6_sockglue.ts';
import { inet6_mc_check } from './mcast.ts';
import { ip6_sk_redirect, ip6_sk_update_pmtu } from './route.ts';

/** Bytes of an ICMPv6 header up to what its type says. */
const ICMPV6_HDRLEN = 4;

/** A message that is sent, and the bytes of it that were looked at for the route. */
class raw6_frag_vec {
	msg: msghdr | null = null;
	hlen = 0;
	readonly c = new Uint8Array(4);
}

/** What rawv6_sendmsg() works with. */
const send_scratch = machine_var(() => ({
	ipc6: new ipcm6_cookie(),
	fl6: new flowi6(),
	rfv: new raw6_frag_vec(),
}));

/**
 * Finds the next socket that a packet is for.
 * @param s where to begin, itself included
 * @param num protocol
 * @param addrs loc_addr (ours) and rmt_addr (the peer's) are offsets into it
 * @returns null when there is no more
 * @kernel net/ipv6/raw.c:69 (v5.10)
 */
export function __raw_v6_lookup(
	net: net,
	s: sock_common | null,
	num: number,
	addrs: Uint8Array,
	loc_addr: number,
	rmt_addr: number,
	dif: number,
	sdif: number,
): sock | null {
	const is_multicast = ipv6_addr_is_multicast(addrs, loc_addr);

	for (; s !== null; s = s.hnnode_next) {
		const sk = s as sock;
		if (sk.sk_num !== num || sk.sk_net !== net) continue;

		if (!ipv6_addr_any(sk.sk_v6_daddr) && !ipv6_addr_equal(sk.sk_v6_daddr, addrs, 0, rmt_addr))
			continue;

		if (!raw_sk_bound_dev_eq(net, sk.sk_bound_dev_if, dif, sdif)) continue;

		if (
			ipv6_addr_any(sk.sk_v6_rcv_saddr) ||
			ipv6_addr_equal(sk.sk_v6_rcv_saddr, addrs, 0, loc_addr) ||
			(is_multicast && inet6_mc_check(sk, addrs, loc_addr))
		)
			return sk;
	}
	return null;
}

/**
 * Tells whether a socket's filter refuses an ICMPv6 packet.
 * @kernel net/ipv6/raw.c:109 (v5.10)
 */
function icmpv6_filter(sk: sock, skb: sk_buff): boolean {
	const hdr = skb_header_pointer_off(skb, skb_transport_offset(skb), ICMPV6_HDRLEN);
	if (hdr < 0) return true;

	const type = skb.head[hdr + ICMP6HDR_type];
	return (raw6_sk(sk).filter.data[type >> 5] & (1 << (type & 31))) !== 0;
}

/**
 * Gives copies of a packet to all raw sockets it is for.
 * @returns whether there was one
 * @kernel net/ipv6/raw.c:157 (v5.10)
 */
function ipv6_raw_deliver(skb: sk_buff, nexthdr: number, first: sock_common): boolean {
	const net = skb.dev!.nd_net;
	const dif = inet6_iif(skb);
	const sdif = inet6_sdif(skb);
	const iph = skb.network_header;
	let delivered = false;

	for (let s: sock_common | null = first; s !== null; ) {
		const sk = __raw_v6_lookup(
			net,
			s,
			nexthdr,
			skb.head,
			iph + IPV6HDR_daddr,
			iph + IPV6HDR_saddr,
			dif,
			sdif,
		);
		if (sk === null) break;
		delivered = true;
		if (nexthdr !== IPPROTO_ICMPV6 || !icmpv6_filter(sk, skb)) {
			const clone = skb_clone(skb);
			nf_reset_ct(clone);
			rawv6_rcv(sk, clone);
		}
		s = sk.hnnode_next;
	}
	return delivered;
}

/**
 * Gives copies of a packet to the raw sockets of its protocol.
 * @returns whether there was one
 * @kernel net/ipv6/raw.c:230 (v5.10)
 */
export function raw6_local_deliver(skb: sk_buff, nexthdr: number): boolean {
	const { first } = raw_v6_hashinfo.of(skb.machine).ht[nexthdr & (RAW_HTABLE_SIZE - 1)];

	return first !== null && ipv6_raw_deliver(skb, nexthdr, first);
}

/**
 * Binds a socket to an address.
 * @returns 0, -EINVAL, -EADDRNOTAVAIL, -ENODEV
 * @kernel net/ipv6/raw.c:242 (v5.10)
 */
function rawv6_bind(sk: sock, uaddr: sockaddr): number {
	if (uaddr.family !== AF_INET6) return -EINVAL;

	const addr_type = ipv6_addr_type(uaddr.addr);

	/* Raw sockets are for IPv6 only. */
	if (addr_type === IPV6_ADDR_MAPPED) return -EADDRNOTAVAIL;

	lock_sock(sk);
	const err = rawv6_bind_locked(sk, uaddr.addr, addr_type, uaddr.scope_id ?? 0);
	release_sock(sk);
	return err;
}

/**
 * Binds an owned socket to an address.
 * @returns 0, -EINVAL, -EADDRNOTAVAIL, -ENODEV
 * @kernel PORT: the part of rawv6_bind() under the lock
 */
function rawv6_bind_locked(
	sk: sock,
	addr: Uint8Array,
	addr_type: number,
	scope_id: number,
): number {
	const inet = inet_sk(sk);
	const net = sock_net(sk);
	let v4addr = 0;

	if (sk.sk_state !== TCP_CLOSE) return -EINVAL;

	if (addr_type !== IPV6_ADDR_ANY) {
		let dev: net_device | null = null;

		if (__ipv6_addr_needs_scope_id(addr_type)) {
			if (scope_id !== 0) sk.sk_bound_dev_if = scope_id;
			if (sk.sk_bound_dev_if === 0) return -EINVAL;
		}

		if (sk.sk_bound_dev_if !== 0) {
			dev = dev_get_by_index_rcu(net, sk.sk_bound_dev_if);
			if (dev === null) return -ENODEV;
		}

		/* no IPv4 address is like it */
		v4addr = LOOPBACK4_IPV6;
		if (
			(addr_type & IPV6_ADDR_MULTICAST) === 0 &&
			net.ipv6.sysctl.ip_nonlocal_bind === 0 &&
			!ipv6_chk_addr(net, addr, dev, 0)
		)
			return -EADDRNOTAVAIL;
	}

	inet.inet_rcv_saddr = inet.inet_saddr = v4addr as __be32;
	ipv6_addr_copy(sk.sk_v6_rcv_saddr, addr);
	if ((addr_type & IPV6_ADDR_MULTICAST) === 0) ipv6_addr_copy(inet6_sk(sk)!.saddr, addr);
	return 0;
}

/**
 * Tells a socket of an ICMPv6 error.
 * @param offset of the quoted payload from data
 * @param info MTU or pointer
 * @kernel net/ipv6/raw.c:322 (v5.10)
 */
function rawv6_err(
	sk: sock,
	skb: sk_buff,
	type: number,
	code: number,
	offset: number,
	info: number,
): void {
	const np = inet6_sk(sk)!;

	/* Without a connection only those are told that ask for it. */
	if (np.recverr === 0 && sk.sk_state !== TCP_ESTABLISHED) return;

	const conv = { err: 0 };
	let harderr = icmpv6_err_convert(type, code, conv) !== 0;
	if (type === ICMPV6_PKT_TOOBIG) {
		ip6_sk_update_pmtu(skb, sk, info);
		harderr = np.pmtudisc === IPV6_PMTUDISC_DO;
	}
	if (type === NDISC_REDIRECT) {
		ip6_sk_redirect(skb, sk);
		return;
	}
	if (np.recverr !== 0) {
		const payload = inet_sk(sk).hdrincl ? skb.data : skb.data + offset;
		ipv6_icmp_error(sk, skb, conv.err, 0, info, payload);
	}

	if (np.recverr !== 0 || harderr) {
		sk.sk_err = conv.err;
		sk.sk_error_report(sk);
	}
}

/**
 * Tells the raw sockets of a protocol of an ICMPv6 error, data at the quoted header.
 * @param inner_offset of the quoted payload from data
 * @param info MTU or pointer
 * @kernel net/ipv6/raw.c:361 (v5.10)
 */
export function raw6_icmp_error(
	skb: sk_buff,
	nexthdr: number,
	type: number,
	code: number,
	inner_offset: number,
	info: number,
): void {
	const ht = raw_v6_hashinfo.of(skb.machine).ht[nexthdr & (RAW_HTABLE_SIZE - 1)];
	const net = skb.dev!.nd_net;
	const iif = inet6_iif(skb);

	for (let s: sock_common | null = ht.first; s !== null; ) {
		const ip6h = skb.data;
		const sk = __raw_v6_lookup(
			net,
			s,
			nexthdr,
			skb.head,
			ip6h + IPV6HDR_saddr,
			ip6h + IPV6HDR_daddr,
			iif,
			iif,
		);
		if (sk === null) return;
		rawv6_err(sk, skb, type, code, inner_offset, info);
		s = sk.hnnode_next;
	}
}

/**
 * Checks a packet's checksum unless that is done.
 * @returns 0 when it is right
 * @kernel PORT: include/linux/skbuff.h skb_checksum_complete
 */
function skb_checksum_complete(skb: sk_buff): number {
	return skb_csum_unnecessary(skb) ? 0 : __skb_checksum_complete(skb);
}

/**
 * Queues a packet, or drops it.
 * @returns 0 or NET_RX_DROP
 * @kernel net/ipv6/raw.c:390 (v5.10)
 */
function rawv6_rcv_skb(sk: sock, skb: sk_buff): number {
	if (raw6_sk(sk).checksum && skb_checksum_complete(skb) !== 0) {
		sk.sk_drops++;
		kfree_skb(skb);
		return NET_RX_DROP;
	}

	skb_dst_drop(skb);
	if (sock_queue_rcv_skb(sk, skb) < 0) {
		kfree_skb(skb);
		return NET_RX_DROP;
	}

	return 0;
}

/**
 * Gives a packet to a socket, from behind its IPv6 headers on.
 * @returns 0 or NET_RX_DROP
 * @kernel net/ipv6/raw.c:416 (v5.10)
 */
export function rawv6_rcv(sk: sock, skb: sk_buff): number {
	const inet = inet_sk(sk);
	const rp = raw6_sk(sk);

	if (!xfrm6_policy_check(sk, XFRM_POLICY_IN, skb)) {
		sk.sk_drops++;
		kfree_skb(skb);
		return NET_RX_DROP;
	}

	if (!rp.checksum) skb.ip_summed = CHECKSUM_UNNECESSARY;

	const { head } = skb;
	const saddr = skb.network_header + IPV6HDR_saddr;
	const daddr = skb.network_header + IPV6HDR_daddr;
	if (skb.ip_summed === CHECKSUM_COMPLETE) {
		skb_postpull_rcsum(skb, skb.network_header, skb.transport_header - skb.network_header);
		if (csum_ipv6_magic(head, saddr, head, daddr, skb.len, inet.inet_num, skb.csum) === 0)
			skb.ip_summed = CHECKSUM_UNNECESSARY;
	}
	if (!skb_csum_unnecessary(skb))
		skb.csum =
			~csum_unfold(csum_ipv6_magic(head, saddr, head, daddr, skb.len, inet.inet_num, 0)) >>> 0;

	if (inet.hdrincl && skb_checksum_complete(skb) !== 0) {
		sk.sk_drops++;
		kfree_skb(skb);
		return NET_RX_DROP;
	}

	rawv6_rcv_skb(sk, skb);
	return 0;
}

/**
 * Receives a packet.
 * @returns bytes (the packet's length with MSG_TRUNC) or a negative errno
 * @kernel net/ipv6/raw.c:462 (v5.10)
 */
function rawv6_recvmsg(
	sk: sock,
	msg: msghdr,
	len: number,
	noblock: boolean,
	flags: number,
): number {
	const np = inet6_sk(sk)!;

	if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP;

	if ((flags & MSG_ERRQUEUE) !== 0) return ipv6_recv_error(sk, msg, len);

	if (np.rxpmtu !== null && np.rxopt.bits.rxpmtu !== 0) return ipv6_recv_rxpmtu(sk, msg, len);

	const ec: errcode = { err: 0 };
	const skb = skb_recv_datagram(sk, flags, noblock, ec);
	if (skb === null) return ec.err;

	let copied = skb.len;
	if (copied > len) {
		copied = len;
		msg.flags |= MSG_TRUNC;
	}

	let err = 0;
	let bad = false;
	if (skb_csum_unnecessary(skb)) {
		err = skb_copy_datagram_msg(skb, 0, msg, copied);
	} else if ((msg.flags & MSG_TRUNC) !== 0) {
		bad = __skb_checksum_complete(skb) !== 0;
		if (!bad) err = skb_copy_datagram_msg(skb, 0, msg, copied);
	} else {
		err = skb_copy_and_csum_datagram_msg(skb, 0, msg);
		bad = err === -EINVAL;
	}
	if (bad) {
		skb_kill_datagram(sk, skb, flags);
		/* looks like something usual */
		return noblock || (flags & MSG_DONTWAIT) !== 0 ? -EAGAIN : -EHOSTUNREACH;
	}

	if (err === 0) {
		const at = skb.network_header + IPV6HDR_saddr;
		const addr = skb.head.slice(at, at + 16);
		msg.name = {
			family: AF_INET6,
			addr,
			port: 0,
			flowinfo: 0,
			scope_id: ipv6_iface_scope_id(addr, inet6_iif(skb)),
		};

		sock_recv_ts_and_drops(msg, sk, skb);

		ip6_datagram_recv_ctl(sk, msg, skb);

		err = (flags & MSG_TRUNC) !== 0 ? skb.len : copied;
	}
	skb_free_datagram(sk, skb);
	return err;
}

/** A checksum on its way into a packet. */
const csum_bytes = machine_var(() => new Uint8Array(2));

/**
 * Writes the checksum into the message that an owned socket put together, and sends it.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/raw.c:539 (v5.10)
 */
function rawv6_push_pending_frames(sk: sock, fl6: flowi6, rp: raw6_sock): number {
	if (!rp.checksum) return ip6_push_pending_frames(sk);

	const first = skb_peek(sk.sk_write_queue);
	if (first === null) return 0;

	let { offset } = rp;
	const total_len = inet_sk(sk).cork.base.length;
	if (offset >= total_len - 1) {
		ip6_flush_pending_frames(sk);
		return -EINVAL;
	}

	/* the fragment that holds the checksum */
	let csum_skb: sk_buff = first;
	let tmp_csum = first.csum;
	if (sk.sk_write_queue.qlen !== 1) {
		let found = false;
		tmp_csum = 0;
		for (let skb: sk_buff | null = first; skb !== null; skb = skb.next) {
			tmp_csum = csum_add(tmp_csum, skb.csum);
			if (found) continue;

			const len = skb.len - skb_transport_offset(skb);
			if (offset >= len) {
				offset -= len;
				continue;
			}
			csum_skb = skb;
			found = true;
		}
	}

	const bytes = csum_bytes.of(sk.machine);
	offset += skb_transport_offset(csum_skb);
	const err = skb_copy_bits(csum_skb, offset, bytes, 0, 2);
	if (err < 0) {
		ip6_flush_pending_frames(sk);
		return err;
	}

	/* The program may have left something there. */
	const old = get_unaligned_be16(bytes, 0);
	if (old !== 0) tmp_csum = csum_sub(tmp_csum, csum_unfold(old));

	let csum: number = csum_ipv6_magic(
		fl6.saddr,
		0,
		fl6.daddr,
		0,
		total_len,
		fl6.flowi6_proto,
		tmp_csum,
	);

	if (csum === 0 && fl6.flowi6_proto === IPPROTO_UDP) csum = CSUM_MANGLED_0;

	put_unaligned_be16(csum, bytes, 0);
	skb_store_bits(csum_skb, offset, bytes, 0, 2);

	return ip6_push_pending_frames(sk);
}

/**
 * Sends a packet whose IPv6 header the program wrote.
 * @param length bytes, IPv6 header included
 * @param dst its reference is taken over
 * @returns 0 or a negative errno
 * @kernel net/ipv6/raw.c:618 (v5.10)
 */
function rawv6_send_hdrinc(
	sk: sock,
	msg: msghdr,
	length: number,
	fl6: flowi6,
	dst: dst_entry,
	ipc6: ipcm6_cookie,
): number {
	const np = inet6_sk(sk)!;
	const net = sock_net(sk);
	const dev = dst.dev!;
	/* the packet, and the route with it, may be gone when it is counted */
	const idev = ip6_dst_idev(dst);
	const { flags } = msg;
	let err = 0;

	error_check: {
		drop: {
			if (length > dev.mtu) {
				ipv6_local_error(sk, EMSGSIZE, fl6, dev.mtu);
				err = -EMSGSIZE;
				break drop;
			}
			if (length < IPV6HDR_LEN) {
				err = -EINVAL;
				break drop;
			}
			if ((flags & MSG_PROBE) !== 0) break drop;

			const hlen = LL_RESERVED_SPACE(dev);
			const ec: errcode = { err: 0 };
			let skb = sock_alloc_send_skb(sk, length + hlen + dev.needed_tailroom + 15, ec);
			if (skb === null) {
				({ err } = ec);
				IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTDISCARDS);
				break drop;
			}
			skb_reserve(skb, hlen);

			skb.protocol = ETH_P_IPV6;
			skb.priority = sk.sk_priority;
			skb.mark = ipc6.sockc_mark;

			const iph = skb_put(skb, length);
			skb_reset_network_header(skb);

			skb.ip_summed = CHECKSUM_NONE;

			if ((flags & MSG_CONFIRM) !== 0) skb.dst_pending_confirm = true;

			skb.transport_header = skb.network_header;
			if (!copy_from_iter_full(skb.head, iph, length, msg)) {
				kfree_skb(skb);
				err = -EFAULT;
				IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTDISCARDS);
				break drop;
			}

			skb_dst_set(skb, dst);

			skb = l3mdev_ip6_out(sk, skb);
			if (skb === null) return 0;

			IP6_UPD_PO_STATS(
				net,
				idev,
				IPSTATS_MIB_OUTPKTS,
				IPSTATS_MIB_OUTOCTETS,
				skb.len,
			);
			err = NF_HOOK(
				NFPROTO_IPV6,
				NF_INET_LOCAL_OUT,
				net,
				sk,
				skb,
				null,
				dev,
				dst_output,
			);
			if (err > 0) err = net_xmit_errno(err);
			if (err !== 0) IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTDISCARDS);
			break error_check;
		}
		dst_release(dst);
	}
	return err === -ENOBUFS && np.recverr === 0 ? 0 : err;
}

/**
 * Looks at type and code of an ICMPv6 message before the route is chosen.
 * @returns 0 or -EFAULT
 * @kernel net/ipv6/raw.c:714 (v5.10)
 */
function rawv6_probe_proto_opt(rfv: raw6_frag_vec, fl6: flowi6): number {
	if (fl6.flowi6_proto !== IPPROTO_ICMPV6) return 0;

	rfv.hlen = 2;
	if (!copy_from_iter_full(rfv.c, 0, rfv.hlen, rfv.msg!)) return -EFAULT;
	fl6.fl6_icmp_type = rfv.c[0];
	fl6.fl6_icmp_code = rfv.c[1];
	return 0;
}

/**
 * getfrag of a raw message.
 * @returns 0 or -EFAULT
 * @kernel net/ipv6/raw.c:735 (v5.10)
 */
function raw6_getfrag(
	rfv: raw6_frag_vec,
	to: Uint8Array,
	to_off: number,
	offset: number,
	len: number,
	odd: number,
	skb: sk_buff,
): number {
	if (offset < rfv.hlen) {
		const copy = Math.min(rfv.hlen - offset, len);

		for (let i = 0; i < copy; i++) to[to_off + i] = rfv.c[offset + i];
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
 * Sends a message. The port of its address is the protocol, or 0.
 * @param len bytes
 * @returns bytes or a negative errno
 * @kernel net/ipv6/raw.c:766 (v5.10)
 */
function rawv6_sendmsg(sk: sock, msg: msghdr, len: number): number {
	const inet = inet_sk(sk);
	const np = inet6_sk(sk)!;
	const rp = raw6_sk(sk);
	const { ipc6, fl6, rfv } = send_scratch.of(sk.machine);
	const { hdrincl } = inet;
	let err: number;

	if (len > 0x7fffffff) return -EMSGSIZE;

	if ((msg.flags & MSG_OOB) !== 0) return -EOPNOTSUPP;

	fl6.clear();
	fl6.flowi6_mark = sk.sk_mark;
	fl6.flowi6_uid = sk.sk_uid;

	ipcm6_init(ipc6);
	ipc6.sockc_tsflags = sk.sk_tsflags;
	ipc6.sockc_mark = sk.sk_mark;

	let daddr: Uint8Array;
	let proto = inet.inet_num;
	if (msg.name !== null) {
		if (msg.name.family !== AF_INET6)
			return msg.name.family === AF_UNSPEC ? -EINVAL : -EAFNOSUPPORT;
		const sin6 = msg.name;

		if (sin6.port !== 0 && sin6.port !== inet.inet_num) return -EINVAL;
		if (proto > 255) return -EINVAL;

		daddr = sin6.addr;
		if (np.sndflow !== 0) fl6.flowlabel = ((sin6.flowinfo ?? 0) & IPV6_FLOWINFO_MASK) as __be32;

		/* The cached route belongs to this very array. */
		if (sk.sk_state === TCP_ESTABLISHED && ipv6_addr_equal(daddr, sk.sk_v6_daddr))
			daddr = sk.sk_v6_daddr;

		const scope_id = sin6.scope_id ?? 0;
		if (scope_id !== 0 && __ipv6_addr_needs_scope_id(__ipv6_addr_type(daddr)))
			fl6.flowi6_oif = scope_id;
	} else {
		if (sk.sk_state !== TCP_ESTABLISHED) return -EDESTADDRREQ;

		proto = inet.inet_num;
		daddr = sk.sk_v6_daddr;
		fl6.flowlabel = np.flow_label;
	}

	if (fl6.flowi6_oif === 0) fl6.flowi6_oif = sk.sk_bound_dev_if;

	let opt: ipv6_txoptions | null = null;
	if (msg_has_control(msg)) {
		opt = ipc6.opt = new ipv6_txoptions();
		err = ip6_datagram_send_ctl(sock_net(sk), sk, msg, fl6, ipc6);
		if (err < 0) return err;
		if (opt.opt_nflen === 0 && opt.opt_flen === 0) opt = null;
	}
	ipc6.opt = opt ?? np.opt;

	fl6.flowi6_proto = proto;
	fl6.flowi6_mark = ipc6.sockc_mark;

	if (!hdrincl) {
		rfv.msg = msg;
		rfv.hlen = 0;
		err = rawv6_probe_proto_opt(rfv, fl6);
		if (err !== 0) return err;
	}

	/* :: is this host */
	if (!ipv6_addr_any(daddr)) ipv6_addr_copy(fl6.daddr, daddr);
	else fl6.daddr[15] = 1;
	if (ipv6_addr_any(fl6.saddr) && !ipv6_addr_any(np.saddr)) ipv6_addr_copy(fl6.saddr, np.saddr);

	if (fl6.flowi6_oif === 0 && ipv6_addr_is_multicast(fl6.daddr)) fl6.flowi6_oif = np.mcast_oif;
	else if (fl6.flowi6_oif === 0) fl6.flowi6_oif = np.ucast_oif;

	if (hdrincl) fl6.flowi6_flags |= FLOWI_FLAG_KNOWN_NH;

	if (ipc6.tclass < 0) ipc6.tclass = np.tclass;

	fl6.flowlabel = ip6_make_flowinfo(ipc6.tclass, fl6.flowlabel);

	const dst = ip6_dst_lookup_flow(sock_net(sk), sk, fl6, null);
	if (IS_ERR(dst)) return dst;

	if (ipc6.hlimit < 0) ipc6.hlimit = ip6_sk_dst_hoplimit(np, fl6, dst);

	if (ipc6.dontfrag < 0) ipc6.dontfrag = np.dontfrag;

	if ((msg.flags & MSG_CONFIRM) !== 0 && (msg.flags & MSG_PROBE) !== 0) {
		dst_confirm_neigh(dst, fl6.daddr);
		if (len === 0) {
			dst_release(dst);
			return 0;
		}
	}

	if (hdrincl) {
		err = rawv6_send_hdrinc(sk, msg, len, fl6, dst, ipc6);
	} else {
		lock_sock(sk);
		err = ip6_append_data(
			sk,
			raw6_getfrag,
			rfv,
			len,
			0,
			ipc6,
			fl6,
			dst as rt6_info,
			msg.flags,
		);

		if (err !== 0) ip6_flush_pending_frames(sk);
		else if ((msg.flags & MSG_MORE) === 0) err = rawv6_push_pending_frames(sk, fl6, rp);
		release_sock(sk);
		dst_release(dst);
	}
	rfv.msg = null;
	return err < 0 ? err : len;
}

/**
 * ICMPV6_FILTER: the types that a socket does not take.
 * @param optval an icmp6_filter
 * @returns 0, -EINVAL, -ENOPROTOOPT
 * @kernel net/ipv6/raw.c:974 (v5.10)
 */
function rawv6_seticmpfilter(sk: sock, optname: number, optval: sockopt_value): number {
	if (optname !== ICMPV6_FILTER) return -ENOPROTOOPT;
	if (!(optval instanceof icmp6_filter)) return -EINVAL;
	raw6_sk(sk).filter.data.set(optval.data);
	return 0;
}

/**
 * ICMPV6_FILTER: the types that a socket does not take.
 * @returns 0 or -ENOPROTOOPT
 * @kernel net/ipv6/raw.c:991 (v5.10)
 */
function rawv6_geticmpfilter(sk: sock, optname: number, res: sockopt_result): number {
	if (optname !== ICMPV6_FILTER) return -ENOPROTOOPT;
	const filter = new icmp6_filter();
	filter.data.set(raw6_sk(sk).filter.data);
	res.val = filter;
	return 0;
}

/**
 * setsockopt() of what only raw sockets have.
 * @returns 0, -EINVAL, -ENOPROTOOPT
 * @kernel net/ipv6/raw.c:1017 (v5.10)
 */
function do_rawv6_setsockopt(
	sk: sock,
	level: number,
	optname: number,
	optval: sockopt_value,
): number {
	const rp = raw6_sk(sk);

	if (typeof optval !== 'number') return -EINVAL;
	const val = optval | 0;

	switch (optname) {
		case IPV6_HDRINCL:
			if (sk.sk_type !== SOCK_RAW) return -EINVAL;
			inet_sk(sk).hdrincl = val !== 0;
			return 0;
		case IPV6_CHECKSUM:
			/* ICMPv6 has its checksum where it has it. */
			if (inet_sk(sk).inet_num === IPPROTO_ICMPV6 && level === SOL_IPV6) return -EINVAL;

			if (val > 0 && (val & 1) !== 0) return -EINVAL;
			if (val < 0) {
				rp.checksum = false;
			} else {
				rp.checksum = true;
				rp.offset = val;
			}
			return 0;
		default:
			return -ENOPROTOOPT;
	}
}

/**
 * setsockopt(): what only raw sockets have, else as all IPv6 sockets.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/raw.c:1064 (v5.10)
 */
function rawv6_setsockopt(
	sk: sock,
	level: number,
	optname: number,
	optval: sockopt_value,
): number {
	if (level === SOL_ICMPV6) {
		if (inet_sk(sk).inet_num !== IPPROTO_ICMPV6) return -EOPNOTSUPP;
		return rawv6_seticmpfilter(sk, optname, optval);
	}
	if (
		level === SOL_RAW ||
		(level === SOL_IPV6 && (optname === IPV6_CHECKSUM || optname === IPV6_HDRINCL))
	)
		return do_rawv6_setsockopt(sk, level, optname, optval);
	return ipv6_setsockopt(sk, level, optname, optval);
}

/**
 * getsockopt() of what only raw sockets have.
 * @returns 0 or -ENOPROTOOPT
 * @kernel net/ipv6/raw.c:1087 (v5.10)
 */
function do_rawv6_getsockopt(sk: sock, optname: number, res: sockopt_result): number {
	const rp = raw6_sk(sk);

	switch (optname) {
		case IPV6_HDRINCL:
			res.val = inet_sk(sk).hdrincl ? 1 : 0;
			return 0;
		case IPV6_CHECKSUM:
			res.val = rp.checksum ? rp.offset : -1;
			return 0;
		default:
			return -ENOPROTOOPT;
	}
}

/**
 * getsockopt(): what only raw sockets have, else as all IPv6 sockets.
 * @returns 0 or a negative errno
 * @kernel net/ipv6/raw.c:1125 (v5.10)
 */
function rawv6_getsockopt(
	sk: sock,
	level: number,
	optname: number,
	res: sockopt_result,
): number {
	if (level === SOL_ICMPV6) {
		if (inet_sk(sk).inet_num !== IPPROTO_ICMPV6) return -EOPNOTSUPP;
		return rawv6_geticmpfilter(sk, optname, res);
	}
	if (
		level === SOL_RAW ||
		(level === SOL_IPV6 && (optname === IPV6_CHECKSUM || optname === IPV6_HDRINCL))
	)
		return do_rawv6_getsockopt(sk, optname, res);
	return ipv6_getsockopt(sk, level, optname, res);
}

/**
 * Closes a socket.
 * @kernel net/ipv6/raw.c:1194 (v5.10)
 */
function rawv6_close(sk: sock, _timeout: number): void {
	sk_common_release(sk);
}

/**
 * Throws away what a closed socket was putting together, and what its IPv6 part holds.
 * @kernel net/ipv6/raw.c:1202 (v5.10)
 */
function raw6_destroy(sk: sock): void {
	lock_sock(sk);
	ip6_flush_pending_frames(sk);
	release_sock(sk);

	inet6_destroy_sock(sk);
}

/**
 * Readies a new socket.
 * @returns 0
 * @kernel net/ipv6/raw.c:1211 (v5.10)
 */
function rawv6_init_sk(sk: sock): number {
	if (inet_sk(sk).inet_num === IPPROTO_ICMPV6) {
		const rp = raw6_sk(sk);
		rp.checksum = true;
		rp.offset = 2;
	}
	return 0;
}

export const rawv6_prot: proto = {
	name: 'RAWv6',
	close: rawv6_close,
	destroy: raw6_destroy,
	connect: ip6_datagram_connect_v6_only,
	disconnect: __udp_disconnect,
	init: rawv6_init_sk,
	setsockopt: rawv6_setsockopt,
	getsockopt: rawv6_getsockopt,
	sendmsg: rawv6_sendmsg,
	recvmsg: rawv6_recvmsg,
	bind: rawv6_bind,
	backlog_rcv: rawv6_rcv_skb,
	hash: raw_hash_sk,
	unhash: raw_unhash_sk,
	max_header: 0,
	no_autobind: false,
	alloc: (net) => new raw6_sock(net, rawv6_prot),
	raw_hash: raw_v6_hashinfo,
	diag_destroy: raw_abort,
};

/**
 * Starts raw sockets on a machine.
 * @returns 0
 * @kernel net/ipv6/raw.c:1342 (v5.10)
 */
export function rawv6_init(m: Machine): number {
	ipv6_stub.of(m).raw6_icmp_error = raw6_icmp_error;
	return 0;
}
