// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * net/ipv6/ping.c, base v5.10: ICMPv6 datagram sockets.
 *
 * PORT: what a send works with is one object a machine. The entry for socket() is in af_inet6.ts.
 * Not ported: /proc/net/icmp6; IPv6 as a module that may be absent.
 */
import { get_unaligned_be16, put_unaligned_be16 } from '../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../include/linux/err.ts';
import { inet6_sk } from '../../include/linux/ipv6.ts';
import { machine_var, type Machine } from '../../include/linux/machine.ts';
import { AF_INET6, MSG_DONTWAIT, type msghdr } from '../../include/linux/socket.ts';
import { flowi6 } from '../../include/net/flow.ts';
import { inet_sk, inet_sock } from '../../include/net/inet_sock.ts';
import { ip6_dst_idev, type rt6_info } from '../../include/net/ip6_fib.ts';
import {
	__ipv6_addr_needs_scope_id,
	ip6_make_flowinfo,
	ipcm6_cookie,
	ipcm6_init_sk,
	ipv6_addr_copy,
	ipv6_addr_is_multicast,
	IPV6_ADDR_MAPPED,
	ipv6_addr_type,
} from '../../include/net/ipv6.ts';
import { pingfakehdr, pingv6_ops } from '../../include/net/ping.ts';
import { ICMP6_INC_STATS } from '../../include/net/snmp.ts';
import type { proto, sock } from '../../include/net/sock.ts';
import { TCP_ESTABLISHED } from '../../include/net/tcp_states.ts';
import { EAFNOSUPPORT, EDESTADDRREQ, EINVAL } from '../../include/uapi/linux/errno.ts';
import {
	ICMP6HDR_code,
	ICMP6HDR_identifier,
	ICMP6HDR_LEN,
	ICMP6HDR_sequence,
	ICMP6HDR_type,
} from '../../include/uapi/linux/icmpv6.ts';
import { IPPROTO_ICMPV6 } from '../../include/uapi/linux/in.ts';
import { ICMP6_MIB_OUTERRORS } from '../../include/uapi/linux/snmp.ts';
import { dst_release } from '../../include/net/dst.ts';
import { lock_sock, release_sock } from '../core/sock.ts';
import {
	ping_bind,
	ping_close,
	ping_common_sendmsg,
	ping_get_port,
	ping_getfrag,
	ping_hash,
	ping_init_sock,
	ping_queue_rcv_skb,
	ping_recvmsg,
	ping_unhash,
} from '../ipv4/ping.ts';
import { __udp_disconnect } from '../ipv4/udp.ts';
import { ipv6_chk_addr } from './addrconf.ts';
import {
	ip6_datagram_connect_v6_only,
	ip6_datagram_recv_common_ctl,
	ip6_datagram_recv_specific_ctl,
	ipv6_icmp_error,
	ipv6_recv_error,
} from './datagram.ts';
import { icmpv6_err_convert, icmpv6_push_pending_frames } from './icmp.ts';
import {
	ip6_append_data,
	ip6_flush_pending_frames,
	ip6_sk_dst_hoplimit,
	ip6_sk_dst_lookup_flow,
} from './ip6_output.ts';
import { ipv6_getsockopt, ipv6_setsockopt } from './ipv6_sockglue.ts';

/** What ping_v6_sendmsg() works with. */
const send_scratch = machine_var(() => ({
	ipc6: new ipcm6_cookie(),
	fl6: new flowi6(),
	icmph: new Uint8Array(ICMP6HDR_LEN),
}));

/**
 * Sends an echo request.
 * @param len bytes, ICMPv6 header included
 * @returns bytes or a negative errno
 * @kernel net/ipv6/ping.c:47 (v5.10)
 */
function ping_v6_sendmsg(sk: sock, msg: msghdr, len: number): number {
	const inet = inet_sk(sk);
	const np = inet6_sk(sk)!;
	const { ipc6, fl6, icmph } = send_scratch.of(sk.machine);
	let oif = 0;

	let err = ping_common_sendmsg(AF_INET6, msg, len, icmph, ICMP6HDR_LEN);
	if (err !== 0) return err;

	let daddr: Uint8Array;
	if (msg.name !== null) {
		if (msg.name.family !== AF_INET6) return -EAFNOSUPPORT;
		daddr = msg.name.addr;
		if (__ipv6_addr_needs_scope_id(ipv6_addr_type(daddr))) oif = msg.name.scope_id ?? 0;
	} else {
		if (sk.sk_state !== TCP_ESTABLISHED) return -EDESTADDRREQ;
		daddr = sk.sk_v6_daddr;
	}

	if (oif === 0) oif = sk.sk_bound_dev_if;

	if (oif === 0) oif = np.sticky_pktinfo.ipi6_ifindex;

	if (oif === 0 && ipv6_addr_is_multicast(daddr)) oif = np.mcast_oif;
	else if (oif === 0) oif = np.ucast_oif;

	const addr_type = ipv6_addr_type(daddr);
	if (
		(__ipv6_addr_needs_scope_id(addr_type) && oif === 0) ||
		(addr_type & IPV6_ADDR_MAPPED) !== 0 ||
		(oif !== 0 && sk.sk_bound_dev_if !== 0 && oif !== sk.sk_bound_dev_if)
	)
		return -EINVAL;

	fl6.clear();
	fl6.flowi6_proto = IPPROTO_ICMPV6;
	ipv6_addr_copy(fl6.saddr, np.saddr);
	ipv6_addr_copy(fl6.daddr, daddr);
	fl6.flowi6_oif = oif;
	fl6.flowi6_mark = sk.sk_mark;
	fl6.flowi6_uid = sk.sk_uid;
	fl6.fl6_icmp_type = icmph[ICMP6HDR_type];
	fl6.fl6_icmp_code = icmph[ICMP6HDR_code];

	ipcm6_init_sk(ipc6, np);
	ipc6.sockc_mark = sk.sk_mark;
	fl6.flowlabel = ip6_make_flowinfo(ipc6.tclass, fl6.flowlabel);

	const dst = ip6_sk_dst_lookup_flow(sk, fl6, daddr, false);
	if (IS_ERR(dst)) return dst;

	if (fl6.flowi6_oif === 0 && ipv6_addr_is_multicast(fl6.daddr)) fl6.flowi6_oif = np.mcast_oif;
	else if (fl6.flowi6_oif === 0) fl6.flowi6_oif = np.ucast_oif;

	const pfh = new pingfakehdr(msg, AF_INET6);
	pfh.icmph[ICMP6HDR_type] = icmph[ICMP6HDR_type];
	pfh.icmph[ICMP6HDR_code] = icmph[ICMP6HDR_code];
	put_unaligned_be16(inet.inet_sport, pfh.icmph, ICMP6HDR_identifier);
	put_unaligned_be16(
		get_unaligned_be16(icmph, ICMP6HDR_sequence),
		pfh.icmph,
		ICMP6HDR_sequence,
	);

	ipc6.hlimit = ip6_sk_dst_hoplimit(np, fl6, dst);

	lock_sock(sk);
	err = ip6_append_data(
		sk,
		ping_getfrag,
		pfh,
		len,
		0,
		ipc6,
		fl6,
		dst as rt6_info,
		MSG_DONTWAIT,
	);
	if (err !== 0) {
		ICMP6_INC_STATS(sk.sk_net, ip6_dst_idev(dst), ICMP6_MIB_OUTERRORS);
		ip6_flush_pending_frames(sk);
	} else {
		icmpv6_push_pending_frames(sk, fl6, pfh.icmph, len);
	}
	release_sock(sk);

	dst_release(dst);

	return err !== 0 ? err : len;
}

export const pingv6_prot: proto = {
	name: 'PINGv6',
	init: ping_init_sock,
	close: ping_close,
	connect: ip6_datagram_connect_v6_only,
	disconnect: __udp_disconnect,
	setsockopt: ipv6_setsockopt,
	getsockopt: ipv6_getsockopt,
	sendmsg: ping_v6_sendmsg,
	recvmsg: ping_recvmsg,
	bind: ping_bind,
	backlog_rcv: ping_queue_rcv_skb,
	hash: ping_hash,
	unhash: ping_unhash,
	get_port: ping_get_port,
	max_header: 0,
	no_autobind: false,
	alloc: (net) => new inet_sock(net, pingv6_prot),
};

/**
 * Starts ping sockets on a machine.
 * @returns 0
 * @kernel net/ipv6/ping.c:238 (v5.10)
 */
export function pingv6_init(m: Machine): number {
	pingv6_ops.of(m).ops = {
		ipv6_recv_error,
		ip6_datagram_recv_common_ctl,
		ip6_datagram_recv_specific_ctl,
		icmpv6_err_convert,
		ipv6_icmp_error,
		ipv6_chk_addr,
	};
	return 0;
}
