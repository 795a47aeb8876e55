// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/ipv6_sockglue.c, base v5.10: options of sockets at level SOL_IPV6.
 *
 * PORT: everyone is root. A group or anycast request is an object of ipv6mr_multiaddr and ipv6mr_ifindex,
 * IPV6_PKTINFO one of ipi6_addr and ipi6_ifindex; options headers are bytes.
 * Not ported: turning a socket into an IPv4 one (IPV6_ADDRFORM), source filters, routing headers a sender gives
 * and options before them, options of RFC 2292, flow label management, router alert, RFC 4884 extensions,
 * IPV6_XFRM_POLICY, multicast routing, get- and setsockopt of netfilter.
 */
import { inet6_sk, ipv6_optlen, type ipv6_rxopt_bits } from '../../include/linux/ipv6.ts';
import {
	SOCK_RAW,
	SOCK_STREAM,
	SOL_IP,
	SOL_IPV6,
	type sockopt_result,
	type sockopt_value,
} from '../../include/linux/socket.ts';
import type { in6_addr } from '../../include/linux/types.ts';
import { dst_mtu } from '../../include/net/dst.ts';
import { inet_csk } from '../../include/net/inet_connection_sock.ts';
import { inet_sk } from '../../include/net/inet_sock.ts';
import {
	ipv6_addr_copy,
	IPV6_DEFAULT_MCASTHOPS,
	ipv6_txoptions,
} from '../../include/net/ipv6.ts';
import { l3mdev_master_ifindex } from '../../include/net/l3mdev.ts';
import { __sk_dst_get, sock_net, type sock } from '../../include/net/sock.ts';
import { TCPF_CLOSE, TCPF_LISTEN } from '../../include/net/tcp_states.ts';
import { LOOPBACK4_IPV6 } from '../../include/net/transp_v6.ts';
import {
	EADDRNOTAVAIL,
	EINVAL,
	ENODEV,
	ENOPROTOOPT,
	ENOTCONN,
	EPROTO,
} from '../../include/uapi/linux/errno.ts';
import {
	IPV6_ADD_MEMBERSHIP,
	IPV6_ADDR_PREFERENCES,
	IPV6_AUTOFLOWLABEL,
	IPV6_DONTFRAG,
	IPV6_DROP_MEMBERSHIP,
	IPV6_DSTOPTS,
	IPV6_FLOWINFO,
	IPV6_FLOWINFO_SEND,
	IPV6_FREEBIND,
	IPV6_HOPOPTS,
	IPV6_JOIN_ANYCAST,
	IPV6_LEAVE_ANYCAST,
	IPV6_MINHOPCOUNT,
	IPV6_MTU,
	IPV6_MTU_DISCOVER,
	IPV6_MULTICAST_ALL,
	IPV6_MULTICAST_HOPS,
	IPV6_MULTICAST_IF,
	IPV6_MULTICAST_LOOP,
	IPV6_PATHMTU,
	IPV6_PKTINFO,
	IPV6_PMTUDISC_DONT,
	IPV6_PMTUDISC_OMIT,
	IPV6_PREFER_SRC_CGA,
	IPV6_PREFER_SRC_COA,
	IPV6_PREFER_SRC_HOME,
	IPV6_PREFER_SRC_NONCGA,
	IPV6_PREFER_SRC_PUBLIC,
	IPV6_PREFER_SRC_PUBTMP_DEFAULT,
	IPV6_PREFER_SRC_TMP,
	IPV6_RECVDSTOPTS,
	IPV6_RECVERR,
	IPV6_RECVFRAGSIZE,
	IPV6_RECVHOPLIMIT,
	IPV6_RECVHOPOPTS,
	IPV6_RECVORIGDSTADDR,
	IPV6_RECVPATHMTU,
	IPV6_RECVPKTINFO,
	IPV6_RECVRTHDR,
	IPV6_RECVTCLASS,
	IPV6_TCLASS,
	IPV6_TRANSPARENT,
	IPV6_UNICAST_HOPS,
	IPV6_UNICAST_IF,
	IPV6_V6ONLY,
} from '../../include/uapi/linux/in6.ts';
import { IPV6_MIN_MTU } from '../../include/uapi/linux/ipv6.ts';
import { __dev_get_by_index } from '../core/dev.ts';
import { skb_queue_purge } from '../core/skbuff.ts';
import { lock_sock, release_sock, sk_dst_reset } from '../core/sock.ts';
import { ip_getsockopt, ip_setsockopt } from '../ipv4/ip_sockglue.ts';
import { ipv6_sock_ac_drop, ipv6_sock_ac_join } from './anycast.ts';
import { ipv6_opt_hdr_ok, sk_dev_equal_l3scope } from './datagram.ts';
import { ip6_autoflowlabel } from './ip6_output.ts';
import { ipv6_sock_mc_drop, ipv6_sock_mc_join } from './mcast.ts';
import { ip6_dst_hoplimit } from './output_core.ts';

/** Value of IPV6_JOIN_GROUP and its kind. */
export interface ipv6_mreq {
	/** 16 bytes. */
	ipv6mr_multiaddr: in6_addr;
	ipv6mr_ifindex: number;
}

/**
 * Makes a socket one for IPv6 alone.
 * @returns 0, or -EINVAL once it is bound
 * @kernel PORT: inline of include/net/ipv6.h:1170, include/ does not import net/
 */
export function ip6_sock_set_v6only(sk: sock): number {
	if (inet_sk(sk).inet_num !== 0) return -EINVAL;
	lock_sock(sk);
	sk.sk_ipv6only = true;
	release_sock(sk);
	return 0;
}

/**
 * Sets IPV6_RECVERR.
 * @kernel PORT: inline of include/net/ipv6.h:1180, include/ does not import net/
 */
export function ip6_sock_set_recverr(sk: sock): void {
	lock_sock(sk);
	inet6_sk(sk)!.recverr = 1;
	release_sock(sk);
}

/**
 * Sets which of its addresses an owned socket prefers.
 * @param val IPV6_PREFER_SRC_*
 * @returns 0, or -EINVAL for what excludes each other
 * @kernel PORT: inline of include/net/ipv6.h:1187, include/ does not import net/
 */
function __ip6_sock_set_addr_preferences(sk: sock, val: number): number {
	const np = inet6_sk(sk)!;
	const pubtmp = IPV6_PREFER_SRC_PUBLIC | IPV6_PREFER_SRC_TMP;
	let pref = 0;
	let prefmask = ~0;

	switch (val & (pubtmp | IPV6_PREFER_SRC_PUBTMP_DEFAULT)) {
		case IPV6_PREFER_SRC_PUBLIC:
			pref |= IPV6_PREFER_SRC_PUBLIC;
			prefmask &= ~pubtmp;
			break;
		case IPV6_PREFER_SRC_TMP:
			pref |= IPV6_PREFER_SRC_TMP;
			prefmask &= ~pubtmp;
			break;
		case IPV6_PREFER_SRC_PUBTMP_DEFAULT:
			prefmask &= ~pubtmp;
			break;
		case 0:
			break;
		default:
			return -EINVAL;
	}

	switch (val & (IPV6_PREFER_SRC_HOME | IPV6_PREFER_SRC_COA)) {
		case IPV6_PREFER_SRC_HOME:
			prefmask &= ~IPV6_PREFER_SRC_COA;
			break;
		case IPV6_PREFER_SRC_COA:
			pref |= IPV6_PREFER_SRC_COA;
			break;
		case 0:
			break;
		default:
			return -EINVAL;
	}

	if ((val & IPV6_PREFER_SRC_CGA) !== 0 && (val & IPV6_PREFER_SRC_NONCGA) !== 0) return -EINVAL;

	np.srcprefs = (np.srcprefs & prefmask) | pref;
	return 0;
}

/**
 * Makes a socket ask for the address and interface of what it receives.
 * @kernel PORT: inline of include/net/ipv6.h:1254, include/ does not import net/
 */
export function ip6_sock_set_recvpktinfo(sk: sock): void {
	lock_sock(sk);
	inet6_sk(sk)!.rxopt.bits.rxinfo = 1;
	release_sock(sk);
}

/**
 * Gives a socket the extension headers it sends with.
 * @kernel net/ipv6/ipv6_sockglue.c:100 (v5.10)
 */
export function ipv6_update_options(sk: sock, opt: ipv6_txoptions | null): void {
	const inet = inet_sk(sk);

	if (
		inet.is_icsk &&
		opt !== null &&
		((1 << sk.sk_state) & (TCPF_LISTEN | TCPF_CLOSE)) === 0 &&
		inet.inet_daddr !== LOOPBACK4_IPV6
	) {
		const icsk = inet_csk(sk);
		icsk.icsk_ext_hdr_len = opt.opt_flen + opt.opt_nflen;
		icsk.icsk_sync_mss?.(sk, icsk.icsk_pmtu_cookie);
	}
	inet6_sk(sk)!.opt = opt;
	sk_dst_reset(sk);
}

/**
 * Sets or, with no bytes, removes an options header of an owned socket.
 * @param optname IPV6_HOPOPTS or IPV6_DSTOPTS
 * @returns 0 or -EINVAL
 * @kernel net/ipv6/ipv6_sockglue.c:318 (v5.10)
 */
function ipv6_set_opt_hdr(sk: sock, optname: number, optval: sockopt_value): number {
	if (!(optval instanceof Uint8Array)) return -EINVAL;
	const optlen = optval.length;
	let newopt: Uint8Array | null = null;

	if (optlen > 0) {
		if ((optlen & 0x7) !== 0 || optlen > 8 * 255 || !ipv6_opt_hdr_ok(optval)) return -EINVAL;
		newopt = optval.slice(0, ipv6_optlen(optval, 0));
	}

	/* PORT: ipv6_renew_options() of net/ipv6/exthdrs.c, whose other headers are not ported */
	const old = inet6_sk(sk)!.opt;
	const hopopt = optname === IPV6_HOPOPTS ? newopt : (old?.hopopt ?? null);
	const dst1opt = optname === IPV6_DSTOPTS ? newopt : (old?.dst1opt ?? null);
	if (hopopt === null && dst1opt === null) {
		ipv6_update_options(sk, null);
		return 0;
	}
	const opt = new ipv6_txoptions();
	opt.hopopt = hopopt;
	opt.dst1opt = dst1opt;
	opt.opt_nflen = hopopt !== null ? ipv6_optlen(hopopt, 0) : 0;
	opt.opt_flen = dst1opt !== null ? ipv6_optlen(dst1opt, 0) : 0;
	opt.tot_len = opt.opt_nflen + opt.opt_flen;
	ipv6_update_options(sk, opt);
	return 0;
}

/**
 * Name of the flag that an option switches, null for other options.
 * @kernel PORT: cases of do_ipv6_setsockopt() and do_ipv6_getsockopt() that differ in nothing else
 */
function rxopt_bit(optname: number): keyof ipv6_rxopt_bits | null {
	switch (optname) {
		case IPV6_RECVPKTINFO:
			return 'rxinfo';
		case IPV6_RECVHOPLIMIT:
			return 'rxhlim';
		case IPV6_RECVRTHDR:
			return 'srcrt';
		case IPV6_RECVHOPOPTS:
			return 'hopopts';
		case IPV6_RECVDSTOPTS:
			return 'dstopts';
		case IPV6_RECVTCLASS:
			return 'rxtclass';
		case IPV6_FLOWINFO:
			return 'rxflow';
		case IPV6_RECVPATHMTU:
			return 'rxpmtu';
		case IPV6_RECVORIGDSTADDR:
			return 'rxorigdstaddr';
		case IPV6_RECVFRAGSIZE:
			return 'recvfragsize';
		default:
			return null;
	}
}

/**
 * Joins or leaves a group or an anycast address.
 * @returns 0 or a negative errno
 * @kernel PORT: cases of do_ipv6_setsockopt()
 */
function set_membership(sk: sock, optname: number, optval: sockopt_value): number {
	if (
		typeof optval !== 'object' ||
		!('ipv6mr_multiaddr' in optval) ||
		!('ipv6mr_ifindex' in optval)
	)
		return -EINVAL;
	const { ipv6mr_multiaddr: addr, ipv6mr_ifindex: ifindex } = optval;
	if (!(addr instanceof Uint8Array) || addr.length < 16 || typeof ifindex !== 'number')
		return -EINVAL;

	switch (optname) {
		case IPV6_ADD_MEMBERSHIP:
			return inet_sk(sk).is_icsk ? -EPROTO : ipv6_sock_mc_join(sk, ifindex, addr);
		case IPV6_DROP_MEMBERSHIP:
			return inet_sk(sk).is_icsk ? -EPROTO : ipv6_sock_mc_drop(sk, ifindex, addr);
		case IPV6_JOIN_ANYCAST:
			return ipv6_sock_ac_join(sk, ifindex, addr);
		default:
			return ipv6_sock_ac_drop(sk, ifindex, addr);
	}
}

/**
 * IPV6_PKTINFO: the source address and interface of what a socket sends.
 * @returns 0 or -EINVAL
 * @kernel PORT: a case of do_ipv6_setsockopt()
 */
function set_pktinfo(sk: sock, optval: sockopt_value): number {
	const np = inet6_sk(sk)!;

	if (typeof optval !== 'object' || !('ipi6_addr' in optval) || !('ipi6_ifindex' in optval))
		return -EINVAL;
	const { ipi6_addr: addr, ipi6_ifindex: ifindex } = optval;
	if (!(addr instanceof Uint8Array) || addr.length < 16 || typeof ifindex !== 'number')
		return -EINVAL;
	if (!sk_dev_equal_l3scope(sk, ifindex)) return -EINVAL;

	np.sticky_pktinfo.ipi6_ifindex = ifindex;
	ipv6_addr_copy(np.sticky_pktinfo.ipi6_addr, addr);
	return 0;
}

/**
 * IPV6_MULTICAST_IF: the interface that group packets leave by.
 * @param val interface index, 0 for the route's
 * @returns 0, -ENODEV, or -EINVAL when the socket is bound to another
 * @kernel PORT: a case of do_ipv6_setsockopt()
 */
function set_multicast_if(sk: sock, val: number): number {
	if (val !== 0) {
		const dev = __dev_get_by_index(sock_net(sk), val);
		if (dev === null) return -ENODEV;
		const midx = l3mdev_master_ifindex(dev);

		if (
			sk.sk_bound_dev_if !== 0 &&
			sk.sk_bound_dev_if !== val &&
			(midx === 0 || midx !== sk.sk_bound_dev_if)
		)
			return -EINVAL;
	}
	inet6_sk(sk)!.mcast_oif = val;
	return 0;
}

/**
 * IPV6_UNICAST_IF: the interface that other packets leave by.
 * @param ifindex PORT: not in network order
 * @returns 0, -EADDRNOTAVAIL, or -EINVAL when the socket is bound
 * @kernel PORT: a case of do_ipv6_setsockopt()
 */
function set_unicast_if(sk: sock, ifindex: number): number {
	if (ifindex !== 0) {
		if (__dev_get_by_index(sock_net(sk), ifindex) === null) return -EADDRNOTAVAIL;
		if (sk.sk_bound_dev_if !== 0) return -EINVAL;
	}
	inet6_sk(sk)!.ucast_oif = ifindex;
	return 0;
}

/**
 * setsockopt() at level SOL_IPV6, of an owned socket.
 * @returns 0, -EINVAL, -ENOPROTOOPT and others
 * @kernel net/ipv6/ipv6_sockglue.c:392 (v5.10)
 */
function do_ipv6_setsockopt(sk: sock, optname: number, optval: sockopt_value): number {
	const np = inet6_sk(sk)!;
	const inet = inet_sk(sk);

	switch (optname) {
		case IPV6_HOPOPTS:
		case IPV6_DSTOPTS:
			return ipv6_set_opt_hdr(sk, optname, optval);
		case IPV6_PKTINFO:
			return set_pktinfo(sk, optval);
		case IPV6_ADD_MEMBERSHIP:
		case IPV6_DROP_MEMBERSHIP:
		case IPV6_JOIN_ANYCAST:
		case IPV6_LEAVE_ANYCAST:
			return set_membership(sk, optname, optval);
	}

	if (typeof optval !== 'number') return -EINVAL;
	const val = optval | 0;
	const valbool = val !== 0 ? 1 : 0;

	const bit = rxopt_bit(optname);
	if (bit !== null) {
		np.rxopt.bits[bit] = valbool;
		return 0;
	}

	switch (optname) {
		case IPV6_V6ONLY:
			if (inet.inet_num !== 0) return -EINVAL;
			sk.sk_ipv6only = val !== 0;
			return 0;
		case IPV6_TCLASS:
			if (val < -1 || val > 0xff) return -EINVAL;
			np.tclass = val === -1 ? 0 : val;
			return 0;
		case IPV6_TRANSPARENT:
			inet.transparent = val !== 0;
			return 0;
		case IPV6_FREEBIND:
			inet.freebind = val !== 0;
			return 0;
		case IPV6_UNICAST_HOPS:
			if (val > 255 || val < -1) return -EINVAL;
			np.hop_limit = val;
			return 0;
		case IPV6_MULTICAST_HOPS:
			if (sk.sk_type === SOCK_STREAM) return -ENOPROTOOPT;
			if (val > 255 || val < -1) return -EINVAL;
			np.mcast_hops = val === -1 ? IPV6_DEFAULT_MCASTHOPS : val;
			return 0;
		case IPV6_MULTICAST_LOOP:
			if (val !== valbool) return -EINVAL;
			np.mc_loop = valbool;
			return 0;
		case IPV6_UNICAST_IF:
			return set_unicast_if(sk, val);
		case IPV6_MULTICAST_IF:
			if (sk.sk_type === SOCK_STREAM) return -ENOPROTOOPT;
			return set_multicast_if(sk, val);
		case IPV6_MULTICAST_ALL:
			np.mc_all = valbool;
			return 0;
		case IPV6_MTU_DISCOVER:
			if (val < IPV6_PMTUDISC_DONT || val > IPV6_PMTUDISC_OMIT) return -EINVAL;
			np.pmtudisc = val;
			return 0;
		case IPV6_MTU:
			if (val !== 0 && val < IPV6_MIN_MTU) return -EINVAL;
			np.frag_size = val;
			return 0;
		case IPV6_RECVERR:
			np.recverr = valbool;
			if (val === 0) skb_queue_purge(sk.sk_error_queue);
			return 0;
		case IPV6_FLOWINFO_SEND:
			np.sndflow = valbool;
			return 0;
		case IPV6_ADDR_PREFERENCES:
			return __ip6_sock_set_addr_preferences(sk, val);
		case IPV6_MINHOPCOUNT:
			if (val < 0 || val > 255) return -EINVAL;
			np.min_hopcount = val;
			return 0;
		case IPV6_DONTFRAG:
			np.dontfrag = valbool;
			return 0;
		case IPV6_AUTOFLOWLABEL:
			np.autoflowlabel = valbool;
			np.autoflowlabel_set = 1;
			return 0;
		default:
			return -ENOPROTOOPT;
	}
}

/**
 * setsockopt(): level SOL_IPV6, for other than raw sockets also SOL_IP.
 * @returns 0, -EINVAL, -ENOPROTOOPT and others
 * @kernel net/ipv6/ipv6_sockglue.c:992 (v5.10)
 */
export function ipv6_setsockopt(
	sk: sock,
	level: number,
	optname: number,
	optval: sockopt_value,
): number {
	if (level === SOL_IP && sk.sk_type !== SOCK_RAW)
		return ip_setsockopt(sk, level, optname, optval);

	if (level !== SOL_IPV6) return -ENOPROTOOPT;

	lock_sock(sk);
	const err = do_ipv6_setsockopt(sk, optname, optval);
	release_sock(sk);
	return err;
}

/**
 * Address preferences as the program sees them.
 * @returns IPV6_PREFER_SRC_*
 * @kernel PORT: a case of do_ipv6_getsockopt()
 */
function get_addr_preferences(srcprefs: number): number {
	let val: number;

	if ((srcprefs & IPV6_PREFER_SRC_TMP) !== 0) val = IPV6_PREFER_SRC_TMP;
	else if ((srcprefs & IPV6_PREFER_SRC_PUBLIC) !== 0) val = IPV6_PREFER_SRC_PUBLIC;
	else val = IPV6_PREFER_SRC_PUBTMP_DEFAULT;

	return (
		val |
		((srcprefs & IPV6_PREFER_SRC_COA) !== 0 ? IPV6_PREFER_SRC_COA : IPV6_PREFER_SRC_HOME)
	);
}

/**
 * getsockopt() at level SOL_IPV6.
 * @param res gets the value
 * @returns 0, -ENOPROTOOPT, -ENOTCONN
 * @kernel net/ipv6/ipv6_sockglue.c:1117 (v5.10)
 */
function do_ipv6_getsockopt(sk: sock, optname: number, res: sockopt_result): number {
	const np = inet6_sk(sk)!;
	const inet = inet_sk(sk);

	const bit = rxopt_bit(optname);
	if (bit !== null) {
		res.val = np.rxopt.bits[bit];
		return 0;
	}

	switch (optname) {
		case IPV6_MTU:
		case IPV6_PATHMTU: {
			const dst = __sk_dst_get(sk);
			const mtu = dst !== null ? dst_mtu(dst) : 0;
			if (mtu === 0) return -ENOTCONN;
			res.val = mtu;
			return 0;
		}
		case IPV6_V6ONLY:
			res.val = sk.sk_ipv6only ? 1 : 0;
			return 0;
		case IPV6_HOPOPTS:
			res.val = np.opt?.hopopt?.slice() ?? new Uint8Array(0);
			return 0;
		case IPV6_DSTOPTS:
			res.val = np.opt?.dst1opt?.slice() ?? new Uint8Array(0);
			return 0;
		case IPV6_TCLASS:
			res.val = np.tclass;
			return 0;
		case IPV6_TRANSPARENT:
			res.val = inet.transparent ? 1 : 0;
			return 0;
		case IPV6_FREEBIND:
			res.val = inet.freebind ? 1 : 0;
			return 0;
		case IPV6_UNICAST_HOPS:
		case IPV6_MULTICAST_HOPS: {
			let val = optname === IPV6_UNICAST_HOPS ? np.hop_limit : np.mcast_hops;
			if (val < 0) {
				const dst = __sk_dst_get(sk);
				if (dst !== null) val = ip6_dst_hoplimit(dst);
			}
			if (val < 0) val = sock_net(sk).ipv6.devconf_all!.hop_limit;
			res.val = val;
			return 0;
		}
		case IPV6_MULTICAST_LOOP:
			res.val = np.mc_loop;
			return 0;
		case IPV6_MULTICAST_IF:
			res.val = np.mcast_oif;
			return 0;
		case IPV6_MULTICAST_ALL:
			res.val = np.mc_all;
			return 0;
		case IPV6_UNICAST_IF:
			res.val = np.ucast_oif;
			return 0;
		case IPV6_MTU_DISCOVER:
			res.val = np.pmtudisc;
			return 0;
		case IPV6_RECVERR:
			res.val = np.recverr;
			return 0;
		case IPV6_FLOWINFO_SEND:
			res.val = np.sndflow;
			return 0;
		case IPV6_ADDR_PREFERENCES:
			res.val = get_addr_preferences(np.srcprefs);
			return 0;
		case IPV6_MINHOPCOUNT:
			res.val = np.min_hopcount;
			return 0;
		case IPV6_DONTFRAG:
			res.val = np.dontfrag;
			return 0;
		case IPV6_AUTOFLOWLABEL:
			res.val = ip6_autoflowlabel(sock_net(sk), np) ? 1 : 0;
			return 0;
		default:
			return -ENOPROTOOPT;
	}
}

/**
 * getsockopt(): level SOL_IPV6, for other than raw sockets also SOL_IP.
 * @param res gets the value
 * @returns 0, -ENOPROTOOPT, -ENOTCONN
 * @kernel net/ipv6/ipv6_sockglue.c:1466 (v5.10)
 */
export function ipv6_getsockopt(
	sk: sock,
	level: number,
	optname: number,
	res: sockopt_result,
): number {
	if (level === SOL_IP && sk.sk_type !== SOCK_RAW)
		return ip_getsockopt(sk, level, optname, res);

	if (level !== SOL_IPV6) return -ENOPROTOOPT;

	return do_ipv6_getsockopt(sk, optname, res);
}
