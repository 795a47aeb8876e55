// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPv4 as sockets see it: two hosts and a router between them, joined by virtual Ethernet.
 */
import fc from 'fast-check';
import t from 'tap';
import {
	get_unaligned_be16,
	get_unaligned_be32,
	put_unaligned_be16,
	put_unaligned_be32,
} from '../../../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../../../include/linux/err.ts';
import { Machine, NSEC_PER_MSEC, NSEC_PER_SEC } from '../../../../include/linux/machine.ts';
import { EPOLLERR, EPOLLIN, SHUT_RD, type socket } from '../../../../include/linux/net.ts';
import { type net_device, netdev_priv } from '../../../../include/linux/netdevice.ts';
import {
	CHECKSUM_NONE,
	skb_reset_mac_header,
	skb_reserve,
	type sk_buff,
} from '../../../../include/linux/skbuff.ts';
import {
	AF_INET,
	AF_UNSPEC,
	MSG_ERRQUEUE,
	MSG_MORE,
	MSG_PEEK,
	MSG_TRUNC,
	msghdr,
	SO_BROADCAST,
	SO_ERROR,
	SO_RCVBUF,
	SO_REUSEADDR,
	SOCK_DGRAM,
	SOCK_RAW,
	SOL_IP,
	SOL_SOCKET,
	type sockaddr_in,
} from '../../../../include/linux/socket.ts';
import type { __be16, __be32 } from '../../../../include/linux/types.ts';
import { csum_fold, csum_partial, ip_compute_csum } from '../../../../include/net/checksum.ts';
import type { net } from '../../../../include/net/net_namespace.ts';
import {
	netlink_ext_ack,
	NLM_F_CREATE,
	NLM_F_EXCL,
	type nlattrs,
	type nlmsg,
} from '../../../../include/net/netlink.ts';
import {
	EACCES,
	EADDRINUSE,
	EADDRNOTAVAIL,
	EAGAIN,
	ECONNREFUSED,
	EDESTADDRREQ,
	EHOSTUNREACH,
	EINVAL,
	EMSGSIZE,
	ENETUNREACH,
	ENOPROTOOPT,
	ENOTCONN,
	EPROTONOSUPPORT,
} from '../../../../include/uapi/linux/errno.ts';
import { SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_LOCAL } from '../../../../include/uapi/linux/errqueue.ts';
import {
	ICMP_DEST_UNREACH,
	ICMP_ECHO,
	ICMP_ECHOREPLY,
	ICMP_EXC_FRAGTIME,
	ICMP_EXC_TTL,
	ICMP_FRAG_NEEDED,
	ICMP_NET_UNREACH,
	ICMP_PARAMETERPROB,
	ICMP_PORT_UNREACH,
	ICMP_PROT_UNREACH,
	ICMP_TIME_EXCEEDED,
	ICMP_TIMESTAMP,
	ICMP_TIMESTAMPREPLY,
} from '../../../../include/uapi/linux/icmp.ts';
import { ETH_P_IP } from '../../../../include/uapi/linux/if_ether.ts';
import { IFF_UP } from '../../../../include/uapi/linux/if.ts';
import { IFA_ADDRESS, IFA_BROADCAST, IFA_LOCAL } from '../../../../include/uapi/linux/if_addr.ts';
import {
	IFLA_IFNAME,
	IFLA_INFO_DATA,
	IFLA_INFO_KIND,
	IFLA_LINKINFO,
	IFLA_NET_NS_FD,
} from '../../../../include/uapi/linux/if_link.ts';
import {
	IP_HDRINCL,
	IP_MTU,
	IP_MTU_DISCOVER,
	IP_OPTIONS,
	IP_PKTINFO,
	IP_PMTUDISC_DO,
	IP_PMTUDISC_DONT,
	IP_RECVERR,
	IP_RECVTOS,
	IP_RECVTTL,
	IP_TOS,
	IP_TTL,
	IPPROTO_ICMP,
	IPPROTO_RAW,
	IPPROTO_TCP,
	IPPROTO_UDP,
} from '../../../../include/uapi/linux/in.ts';
import {
	ifaddrmsg_msg,
	ifinfomsg_msg,
	RT_SCOPE_UNIVERSE,
	RT_TABLE_MAIN,
	RTA_DST,
	RTA_GATEWAY,
	RTM_NEWADDR,
	RTM_NEWLINK,
	RTM_NEWROUTE,
	rtmsg_msg,
	RTN_UNICAST,
	RTPROT_STATIC,
} from '../../../../include/uapi/linux/rtnetlink.ts';
import {
	__dev_get_by_name,
	dev_change_flags,
	dev_set_mtu,
	net_dev_init,
	netif_receive_skb,
} from '../../../../net/core/dev.ts';
import { fib_rules_init } from '../../../../net/core/fib_rules.ts';
import { linkwatch_init } from '../../../../net/core/link_watch.ts';
import { neigh_init } from '../../../../net/core/neighbour.ts';
import { cleanup_net, copy_net_ns } from '../../../../net/core/net_namespace.ts';
import { rtnetlink_init, rtnetlink_rcv_msg } from '../../../../net/core/rtnetlink.ts';
import { alloc_skb, skb_put } from '../../../../net/core/skbuff.ts';
import { eth_type_trans } from '../../../../net/ethernet/eth.ts';
import { inet_init, ipv4_offload_init } from '../../../../net/ipv4/af_inet.ts';
import { sysctl_ipv4_init } from '../../../../net/ipv4/sysctl_net_ipv4.ts';
import { netfilter_init } from '../../../../net/netfilter/core.ts';
import {
	__sys_getsockopt,
	__sys_setsockopt,
	kernel_bind,
	kernel_connect,
	kernel_getpeername,
	kernel_getsockname,
	kernel_sock_shutdown,
	sock_create,
	sock_poll,
	sock_recvmsg,
	sock_release,
	sock_sendmsg,
} from '../../../../net/socket.ts';
import { loopback_init } from '../drivers/net/loopback.ts';
import { VETH_INFO_PEER, veth_init, type veth_priv } from '../drivers/net/veth.ts';
import { pton4 } from '../lib/address.ts';

/** IP header fields of a frame that was on a wire. */
interface seen {
	id: number;
	frag_off: number;
	len: number;
	ttl: number;
	tos: number;
	protocol: number;
	saddr: number;
	daddr: number;
	/** The IP packet. */
	packet: Uint8Array;
}

const a4 = (s: string): __be32 => pton4(s)! as __be32;
const at = (addr: string, port: number): sockaddr_in => ({ family: AF_INET, addr: a4(addr), port });

/** Bytes that differ from place to place. */
function pattern(n: number): Uint8Array {
	const b = new Uint8Array(n);
	for (let i = 0; i < n; i++) b[i] = (i * 7 + (i >> 8)) & 0xff;
	return b;
}

/** left (10.0.1.1) -- router (10.0.1.254, 10.0.2.254) -- right (10.0.2.1). */
class bench {
	readonly m: Machine;
	readonly init_net: net;
	readonly left: net;
	readonly router: net;
	readonly right: net;

	constructor(seed = 1) {
		const m = new Machine(seed);
		this.m = m;
		for (const init of [
			net_dev_init,
			neigh_init,
			rtnetlink_init,
			fib_rules_init,
			linkwatch_init,
			netfilter_init,
			inet_init,
			ipv4_offload_init,
			sysctl_ipv4_init,
			veth_init,
			loopback_init,
		])
			if (init(m) < 0) throw new Error(init.name);
		this.init_net = this.#ns();
		this.left = this.#ns();
		this.router = this.#ns();
		this.right = this.#ns();
		this.#wire(this.left, 'l0', this.router, 'r0');
		this.#wire(this.router, 'r1', this.right, 'r0');
		this.#addr(this.left, 'l0', '10.0.1.1');
		this.#addr(this.router, 'r0', '10.0.1.254');
		this.#addr(this.router, 'r1', '10.0.2.254');
		this.#addr(this.right, 'r0', '10.0.2.1');
		this.#route(this.left, null, '10.0.1.254');
		this.#route(this.right, null, '10.0.2.254');
		this.sysctl(this.router, 'net/ipv4/ip_forward', '1');
		m.run_for(NSEC_PER_SEC);
	}

	#ns(): net {
		const n = copy_net_ns(this.m);
		if (IS_ERR(n)) throw new Error('copy_net_ns');
		const lo = __dev_get_by_name(n, 'lo')!;
		dev_change_flags(lo, lo.flags | IFF_UP, null);
		return n;
	}

	#rtnl(net: net, msg: nlmsg): void {
		const extack = new netlink_ext_ack();
		const err = rtnetlink_rcv_msg(net, msg, extack);
		if (err < 0) throw new Error(`rtnetlink: ${err} ${String(extack._msg)}`);
	}

	#wire(n1: net, name1: string, n2: net, name2: string): void {
		const peer: nlattrs = new Map();
		peer.set(IFLA_IFNAME, name2);
		peer.set(IFLA_NET_NS_FD, n2.inum);
		const tb: nlattrs = new Map();
		tb.set(IFLA_IFNAME, name1);
		const info: nlattrs = new Map();
		info.set(IFLA_INFO_KIND, 'veth');
		const data: nlattrs = new Map();
		data.set(VETH_INFO_PEER, peer);
		info.set(IFLA_INFO_DATA, data);
		tb.set(IFLA_LINKINFO, info);
		this.#rtnl(n1, new ifinfomsg_msg(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, tb));
		for (const [n, name] of [
			[n1, name1],
			[n2, name2],
		] as const) {
			const dev = this.dev(n, name);
			dev_change_flags(dev, dev.flags | IFF_UP, null);
		}
	}

	#addr(net: net, dev: string, addr: string): void {
		const tb: nlattrs = new Map();
		tb.set(IFA_LOCAL, a4(addr));
		tb.set(IFA_ADDRESS, a4(addr));
		tb.set(IFA_BROADCAST, (a4(addr) | 0xff) >>> 0);
		const msg = new ifaddrmsg_msg(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, tb);
		msg.ifa_family = AF_INET;
		msg.ifa_prefixlen = 24;
		msg.ifa_index = this.dev(net, dev).ifindex;
		this.#rtnl(net, msg);
	}

	#route(net: net, dst: string | null, gw: string): void {
		const tb: nlattrs = new Map();
		if (dst !== null) tb.set(RTA_DST, a4(dst));
		tb.set(RTA_GATEWAY, a4(gw));
		const msg = new rtmsg_msg(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, tb);
		msg.rtm_family = AF_INET;
		msg.rtm_dst_len = dst === null ? 0 : 32;
		msg.rtm_table = RT_TABLE_MAIN;
		msg.rtm_protocol = RTPROT_STATIC;
		msg.rtm_scope = RT_SCOPE_UNIVERSE;
		msg.rtm_type = RTN_UNICAST;
		this.#rtnl(net, msg);
	}

	dev(net: net, name: string): net_device {
		const dev = __dev_get_by_name(net, name);
		if (dev === null) throw new Error(`no device ${name}`);
		return dev;
	}

	sysctl(net: net, name: string, value: string): number {
		const e = net.sysctls.get(name);
		if (e === undefined) throw new Error(`no sysctl ${name}`);
		return e.store(value);
	}

	/** A socket, bound when an address is given. */
	sock(net: net, type = SOCK_DGRAM, protocol = 0, bind: sockaddr_in | null = null): socket {
		const s = sock_create(net, AF_INET, type, protocol);
		if (IS_ERR(s)) throw new Error(`socket: ${s}`);
		if (bind !== null) {
			const err = kernel_bind(s, bind);
			if (err < 0) throw new Error(`bind: ${err}`);
		}
		return s;
	}

	/** sendto(), and whatever follows from it at once. */
	send(s: socket, data: Uint8Array, to: sockaddr_in | null = null, flags = 0): number {
		const msg = new msghdr(data, to);
		msg.flags = flags;
		const n = sock_sendmsg(s, msg);
		this.m.run_for(NSEC_PER_MSEC);
		return n;
	}

	/** recvmsg(): the message with `data` cut to what came, or a negative errno. */
	recv(s: socket, flags = 0, room = 70000): msghdr | number {
		const msg = new msghdr(new Uint8Array(room));
		const n = sock_recvmsg(s, msg, flags);
		if (n < 0) return n;
		msg.data = msg.data.subarray(0, Math.min(n, room));
		return msg;
	}

	error(s: socket): number {
		return this.int(s, SOL_SOCKET, SO_ERROR);
	}

	int(s: socket, level: number, name: number): number {
		const res: { val: number | string | object } = { val: 0 };
		const err = __sys_getsockopt(s, level, name, res);
		return err < 0 ? err : (res.val as number);
	}

	/** Looks at the IP packets that a device sends; `pass` may hold them back. */
	tap(dev: net_device, pass: (p: seen) => boolean = () => true): seen[] {
		const list: seen[] = [];
		netdev_priv<veth_priv>(dev).tamper = (skb) => {
			if (skb.protocol !== ETH_P_IP) return true;
			const p = look(skb);
			list.push(p);
			return pass(p);
		};
		return list;
	}

	untap(dev: net_device): void {
		netdev_priv<veth_priv>(dev).tamper = null;
	}

	/** Puts an IP packet on the wire towards a device. */
	inject(dev: net_device, packet: Uint8Array): void {
		const skb = alloc_skb(this.m, packet.length + 64);
		skb_reserve(skb, 34);
		const o = skb_put(skb, 14 + packet.length);
		skb.head.set(dev.dev_addr.subarray(0, 6), o);
		skb.head[o + 6] = 2;
		put_unaligned_be16(ETH_P_IP, skb.head, o + 12);
		skb.head.set(packet, o + 14);
		skb.dev = dev;
		skb.ip_summed = CHECKSUM_NONE;
		skb_reset_mac_header(skb);
		skb.protocol = eth_type_trans(skb, dev);
		this.m.local_bh_disable();
		netif_receive_skb(skb);
		this.m.local_bh_enable();
		this.m.run_for(NSEC_PER_MSEC);
	}

	/** Ends everything; what is left over is a leak. */
	close(): { skbs: number; records: string } {
		for (const n of [this.right, this.router, this.left]) cleanup_net(n);
		this.m.run_for(200 * NSEC_PER_SEC);
		return {
			skbs: this.m.skb_count,
			records: this.m.records.map((r) => `${r.place}: ${r.what}`).join('; '),
		};
	}
}

/** The IP packet in a frame, made linear. */
function look(skb: sk_buff): seen {
	const at = skb.network_header;
	const len = get_unaligned_be16(skb.head, at + 2);
	const packet = new Uint8Array(len);
	const linear = skb.tail - at;
	packet.set(skb.head.subarray(at, at + Math.min(linear, len)));
	let o = linear;
	const si = skb.shinfo;
	for (let i = 0; i < si.nr_frags; i++) {
		const f = si.frags[i];
		packet.set(f.bv_page.data.subarray(f.bv_offset, f.bv_offset + f.bv_len), o);
		o += f.bv_len;
	}
	return {
		id: get_unaligned_be16(packet, 4),
		frag_off: get_unaligned_be16(packet, 6),
		len,
		ttl: packet[8],
		tos: packet[1],
		protocol: packet[9],
		saddr: get_unaligned_be32(packet, 12),
		daddr: get_unaligned_be32(packet, 16),
		packet,
	};
}

/** An IP packet around a payload. */
function ip_packet(
	saddr: string,
	daddr: string,
	protocol: number,
	payload: Uint8Array,
	more: {
		id?: number;
		frag_off?: number;
		ttl?: number;
		options?: Uint8Array;
		len?: number;
	} = {},
): Uint8Array {
	const opt = more.options ?? new Uint8Array(0);
	const hl = 20 + opt.length;
	const b = new Uint8Array(hl + payload.length);
	b[0] = 0x40 | (hl >> 2);
	put_unaligned_be16(more.len ?? b.length, b, 2);
	put_unaligned_be16(more.id ?? 0x1234, b, 4);
	put_unaligned_be16(more.frag_off ?? 0, b, 6);
	b[8] = more.ttl ?? 64;
	b[9] = protocol;
	put_unaligned_be32(a4(saddr), b, 12);
	put_unaligned_be32(a4(daddr), b, 16);
	b.set(opt, 20);
	b.set(payload, hl);
	put_unaligned_be16(ip_compute_csum(b, 0, hl), b, 10);
	return b;
}

/** A UDP datagram without a checksum. */
function udp_datagram(sport: number, dport: number, payload: Uint8Array): Uint8Array {
	const b = new Uint8Array(8 + payload.length);
	put_unaligned_be16(sport, b, 0);
	put_unaligned_be16(dport, b, 2);
	put_unaligned_be16(b.length, b, 4);
	b.set(payload, 8);
	return b;
}

/** An ICMP message. */
function icmp_message(type: number, code: number, rest: number, payload: Uint8Array): Uint8Array {
	const b = new Uint8Array(8 + payload.length);
	b[0] = type;
	b[1] = code;
	put_unaligned_be32(rest, b, 4);
	b.set(payload, 8);
	put_unaligned_be16(csum_fold(csum_partial(b, 0, b.length, 0)), b, 2);
	return b;
}

const ok = (v: msghdr | number): msghdr => {
	if (typeof v === 'number') throw new Error(`errno ${v}`);
	return v;
};

void t.test('UDP: datagrams there and back', (t) => {
	const b = new bench();
	const server = b.sock(b.right, SOCK_DGRAM, 0, at('0.0.0.0', 7));
	const client = b.sock(b.left);
	t.equal(b.recv(server), -EAGAIN, 'nothing to read');
	t.equal(b.send(client, pattern(1000), at('10.0.2.1', 7)), 1000);
	t.equal(sock_poll(server) & EPOLLIN, EPOLLIN);
	const got = ok(b.recv(server));
	t.same(got.data, pattern(1000));
	const me = kernel_getsockname(client) as sockaddr_in;
	t.equal(me.addr, 0, 'an unconnected socket has no address');
	t.ok(me.port >= 32768 && me.port <= 60999, 'its port is one of the local range');
	t.same(got.name, at('10.0.1.1', me.port));

	t.equal(b.send(server, pattern(10), got.name as sockaddr_in), 10);
	const back = ok(b.recv(client, MSG_PEEK, 4));
	t.equal(back.data.length, 4);
	t.equal(back.flags & MSG_TRUNC, MSG_TRUNC, 'cut off');
	t.same(ok(b.recv(client)).data, pattern(10));

	t.equal(kernel_getpeername(client), -ENOTCONN);
	t.equal(kernel_connect(client, at('10.0.2.1', 7), 0), 0);
	t.same(kernel_getsockname(client), at('10.0.1.1', me.port));
	t.same(kernel_getpeername(client), at('10.0.2.1', 7));
	t.equal(b.send(client, new Uint8Array(0)), 0, 'an empty datagram is one');
	t.equal(ok(b.recv(server)).data.length, 0);

	const other = b.sock(b.right, SOCK_DGRAM, 0, at('0.0.0.0', 8));
	b.send(other, pattern(3), at('10.0.1.1', me.port));
	t.equal(b.recv(client), -EAGAIN, 'a connected socket hears its peer only');
	t.equal(kernel_connect(client, { family: AF_UNSPEC }, 0), 0);
	t.equal(b.send(client, pattern(1)), -EDESTADDRREQ);

	t.equal(kernel_sock_shutdown(client, SHUT_RD), -ENOTCONN);
	for (const s of [server, client, other]) sock_release(s);
	t.same(b.close(), { skbs: 0, records: '' });
	t.end();
});

void t.test('UDP: addresses, ports and options', (t) => {
	const b = new bench();
	t.equal(sock_create(b.left, AF_INET, SOCK_DGRAM, IPPROTO_TCP), -EPROTONOSUPPORT);
	const s1 = b.sock(b.right, SOCK_DGRAM, 0, at('10.0.2.1', 5000));
	const s2 = b.sock(b.right);
	t.equal(kernel_bind(s2, at('10.0.1.1', 5000)), -EADDRNOTAVAIL);
	t.equal(kernel_bind(s2, at('0.0.0.0', 5000)), -EADDRINUSE);
	__sys_setsockopt(s1, SOL_SOCKET, SO_REUSEADDR, 1);
	__sys_setsockopt(s2, SOL_SOCKET, SO_REUSEADDR, 1);
	t.equal(kernel_bind(s2, at('0.0.0.0', 5000)), 0);
	t.equal(kernel_bind(s2, at('0.0.0.0', 5001)), -EINVAL, 'bound already');

	const c = b.sock(b.left);
	b.send(c, pattern(5), at('10.0.2.1', 5000));
	t.equal(ok(b.recv(s1)).data.length, 5, 'the closer match gets it');
	t.equal(b.recv(s2), -EAGAIN);

	__sys_setsockopt(s1, SOL_IP, IP_RECVTTL, 1);
	__sys_setsockopt(s1, SOL_IP, IP_RECVTOS, 1);
	__sys_setsockopt(s1, SOL_IP, IP_PKTINFO, 1);
	__sys_setsockopt(c, SOL_IP, IP_TTL, 33);
	__sys_setsockopt(c, SOL_IP, IP_TOS, 0x10);
	b.send(c, pattern(5), at('10.0.2.1', 5000));
	const got = ok(b.recv(s1));
	t.equal(got.ttl, 32);
	t.equal(got.tos, 0x10);
	t.same(got.pktinfo, {
		ipi_ifindex: b.dev(b.right, 'r0').ifindex,
		ipi_spec_dst: a4('10.0.2.1'),
		ipi_addr: a4('10.0.2.1'),
	});
	t.equal(__sys_setsockopt(c, SOL_IP, 999, 1), -ENOPROTOOPT);
	t.equal(__sys_setsockopt(c, SOL_IP, IP_TTL, 256), -EINVAL);
	t.equal(b.int(c, SOL_IP, IP_TTL), 33);

	t.equal(b.send(c, pattern(5), at('10.0.1.255', 9)), -EACCES, 'broadcast is asked for');
	__sys_setsockopt(c, SOL_SOCKET, SO_BROADCAST, 1);
	const hears = b.sock(b.router, SOCK_DGRAM, 0, at('0.0.0.0', 9));
	const hears2 = b.sock(b.router);
	__sys_setsockopt(hears, SOL_SOCKET, SO_REUSEADDR, 1);
	__sys_setsockopt(hears2, SOL_SOCKET, SO_REUSEADDR, 1);
	t.equal(kernel_bind(hears2, at('0.0.0.0', 9)), 0);
	t.equal(b.send(c, pattern(6), at('10.0.1.255', 9)), 6);
	t.equal(ok(b.recv(hears)).data.length, 6);
	t.equal(ok(b.recv(hears2)).data.length, 6, 'every socket gets a broadcast');

	t.equal(b.send(c, new Uint8Array(65508), at('10.0.2.1', 5000)), -EMSGSIZE);
	const far = b.sock(b.router);
	t.equal(b.send(far, pattern(1), at('192.0.2.1', 9)), -ENETUNREACH);

	b.send(c, pattern(100), at('10.0.2.1', 5000), MSG_MORE);
	t.equal(b.recv(s1), -EAGAIN, 'corked');
	b.send(c, pattern(50), at('10.0.2.1', 5000));
	t.equal(ok(b.recv(s1)).data.length, 150);

	__sys_setsockopt(s1, SOL_SOCKET, SO_RCVBUF, 2048);
	let n = 0;
	for (let i = 0; i < 50; i++) b.send(c, pattern(1000), at('10.0.2.1', 5000));
	while (typeof b.recv(s1) !== 'number') n++;
	t.ok(n > 0 && n < 10, `a small buffer keeps ${n} of 50`);
	for (const s of [s1, s2, c, hears, hears2, far]) sock_release(s);
	t.same(b.close(), { skbs: 0, records: '' });
	t.end();
});

void t.test('fragments: sent, reassembled, forwarded', (t) => {
	const b = new bench();
	const l0 = b.dev(b.left, 'l0');
	const r1 = b.dev(b.router, 'r1');
	const s = b.sock(b.right, SOCK_DGRAM, 0, at('0.0.0.0', 7));
	const c = b.sock(b.left);
	__sys_setsockopt(c, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
	const wire = b.tap(l0);
	t.equal(b.send(c, pattern(4000), at('10.0.2.1', 7)), 4000);
	t.same(
		wire.map((p) => [p.frag_off, p.len]),
		[
			[0x2000, 1500],
			[0x2000 | 185, 1500],
			[370, 1068],
		],
	);
	t.equal(new Set(wire.map((p) => p.id)).size, 1, 'one ID');
	for (const p of wire) t.equal(ip_compute_csum(p.packet, 0, 20), 0, 'right header checksums');
	t.equal(Buffer.compare(ok(b.recv(s)).data, pattern(4000)), 0);

	for (const size of [1472, 1473, 2000, 8192, 20000, 65507]) {
		b.send(c, pattern(size), at('10.0.2.1', 7));
		t.equal(Buffer.compare(ok(b.recv(s)).data, pattern(size)), 0, `${size} bytes`);
	}

	/* A smaller link behind the router. */
	dev_set_mtu(r1, 600);
	const wire2 = b.tap(r1);
	b.send(c, pattern(1400), at('10.0.2.1', 7));
	t.same(
		wire2.map((p) => [p.frag_off, p.len, p.ttl]),
		[
			[0x2000, 596, 63],
			[0x2000 | 72, 596, 63],
			[144, 276, 63],
		],
	);
	t.same(ok(b.recv(s)).data, pattern(1400));

	/* Out of order, twice, and with a piece lost. */
	const held: Uint8Array[] = [];
	b.tap(r1, (p) => {
		held.push(p.packet);
		return false;
	});
	b.send(c, pattern(3000), at('10.0.2.1', 7));
	b.untap(r1);
	const r0 = b.dev(b.right, 'r0');
	t.ok(held.length >= 6);
	for (const p of held.slice(1).reverse()) b.inject(r0, p);
	for (const p of held.slice(1)) b.inject(r0, p);
	t.equal(b.recv(s), -EAGAIN, 'not complete');
	b.inject(r0, held[0]);
	t.same(ok(b.recv(s)).data, pattern(3000));
	for (const s2 of [s, c]) sock_release(s2);
	t.same(b.close(), { skbs: 0, records: '' });
	t.end();
});

void t.test('fragments: any pieces over any links', (t) => {
	const b = new bench();
	const l0 = b.dev(b.left, 'l0');
	const r1 = b.dev(b.router, 'r1');
	const s = b.sock(b.right, SOCK_DGRAM, 0, at('0.0.0.0', 7));
	const c = b.sock(b.left);
	__sys_setsockopt(c, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
	fc.assert(
		fc.property(
			fc.array(fc.nat(3000), { minLength: 1, maxLength: 6 }),
			fc.integer({ min: 100, max: 1500 }),
			fc.integer({ min: 100, max: 1500 }),
			fc.boolean(),
			(sizes, mtu1, mtu2, options) => {
				dev_set_mtu(l0, mtu1);
				dev_set_mtu(r1, mtu2);
				__sys_setsockopt(
					c,
					SOL_IP,
					IP_OPTIONS,
					options
						? Uint8Array.from([
								7, 7, 4, 0, 0, 0, 0, 0x94, 4, 0, 0,
								0,
							])
						: new Uint8Array(0),
				);
				const whole = pattern(sizes.reduce((x, y) => x + y, 0));
				let o = 0;
				sizes.forEach((n, i) => {
					const more = i + 1 < sizes.length ? MSG_MORE : 0;
					b.send(
						c,
						whole.subarray(o, o + n),
						at('10.0.2.1', 7),
						more,
					);
					o += n;
				});
				const got = ok(b.recv(s)).data;
				if (Buffer.compare(got, whole) !== 0)
					throw new Error('other bytes');
			},
		),
		{ seed: 3, numRuns: 400 },
	);
	for (const x of [s, c]) sock_release(x);
	t.same(b.close(), { skbs: 0, records: '' });
	t.end();
});

void t.test('fragments: timeout, overlap, limits', (t) => {
	const b = new bench();
	const r0 = b.dev(b.right, 'r0');
	const s = b.sock(b.right, SOCK_DGRAM, 0, at('0.0.0.0', 7));
	const dgram = udp_datagram(9, 7, pattern(2000));
	const piece = (from: number, to: number, id: number): Uint8Array =>
		ip_packet('10.0.1.1', '10.0.2.1', IPPROTO_UDP, dgram.subarray(from, to), {
			id,
			frag_off: (from >> 3) | (to < dgram.length ? 0x2000 : 0),
		});
	const wire = b.tap(r0);
	b.inject(r0, piece(0, 800, 1));
	b.inject(r0, piece(1600, 2008, 1));
	b.m.run_for(29 * NSEC_PER_SEC);
	t.equal(wire.length, 0);
	b.m.run_for(2 * NSEC_PER_SEC);
	t.equal(wire.length, 1, 'the first piece is there, so its sender is told');
	t.equal(wire[0].packet[20], ICMP_TIME_EXCEEDED);
	t.equal(wire[0].packet[21], ICMP_EXC_FRAGTIME);
	b.inject(r0, piece(800, 1600, 1));
	t.equal(b.recv(s), -EAGAIN, 'too late');
	b.m.run_for(60 * NSEC_PER_SEC);
	t.equal(wire.length, 1, 'without the first piece nobody is told');

	b.inject(r0, piece(0, 800, 2));
	b.inject(r0, piece(400, 1600, 2));
	b.inject(r0, piece(800, 1600, 2));
	b.inject(r0, piece(1600, 2008, 2));
	t.equal(b.recv(s), -EAGAIN, 'an overlap drops the whole');

	b.inject(r0, piece(0, 800, 3));
	b.inject(r0, piece(0, 800, 3));
	b.inject(r0, piece(800, 1600, 3));
	b.inject(r0, piece(1600, 2008, 3));
	t.same(ok(b.recv(s)).data, pattern(2000), 'a repeated piece does not');

	/* 65535 bytes and no more. */
	b.inject(
		r0,
		ip_packet('10.0.1.1', '10.0.2.1', IPPROTO_UDP, pattern(800), {
			id: 4,
			frag_off: 0x1fff,
		}),
	);
	/* A piece in the middle whose length is not a multiple of eight. */
	b.inject(
		r0,
		ip_packet('10.0.1.1', '10.0.2.1', IPPROTO_UDP, pattern(801), {
			id: 5,
			frag_off: 0x2000,
		}),
	);
	t.equal(b.recv(s), -EAGAIN);
	sock_release(s);
	t.same(b.close(), { skbs: 0, records: '' });
	t.end();
});

void t.test('ICMP errors reach the sockets they are about', (t) => {
	const b = new bench();
	const c = b.sock(b.left);
	__sys_setsockopt(c, SOL_IP, IP_RECVERR, 1);
	const wire = b.tap(b.dev(b.router, 'r0'));

	b.send(c, pattern(20), at('10.0.2.1', 9));
	t.equal(sock_poll(c) & EPOLLERR, EPOLLERR);
	const e = ok(b.recv(c, MSG_ERRQUEUE));
	t.same(e.data, pattern(20), 'the payload comes back');
	t.same(e.name, at('10.0.2.1', 9));
	t.match(e.recverr, {
		ee: {
			ee_errno: ECONNREFUSED,
			ee_origin: SO_EE_ORIGIN_ICMP,
			ee_type: ICMP_DEST_UNREACH,
			ee_code: ICMP_PORT_UNREACH,
		},
		offender: { addr: a4('10.0.2.1') },
	});
	t.equal(b.recv(c, MSG_ERRQUEUE), -EAGAIN);

	/* How the message looks. */
	const icmp = wire[0].packet;
	t.equal(wire[0].protocol, IPPROTO_ICMP);
	t.equal(wire[0].tos, 0xc0);
	t.equal(csum_fold(csum_partial(icmp, 20, icmp.length - 20, 0)), 0);
	t.equal(icmp.length, 20 + 8 + 20 + 8 + 20);

	__sys_setsockopt(c, SOL_IP, IP_TTL, 1);
	b.send(c, pattern(20), at('10.0.2.1', 9));
	t.match(ok(b.recv(c, MSG_ERRQUEUE)).recverr, {
		ee: { ee_errno: EHOSTUNREACH, ee_type: ICMP_TIME_EXCEEDED, ee_code: ICMP_EXC_TTL },
		offender: { addr: a4('10.0.1.254') },
	});
	__sys_setsockopt(c, SOL_IP, IP_TTL, -1);

	b.send(c, pattern(20), at('192.0.2.1', 9));
	t.match(ok(b.recv(c, MSG_ERRQUEUE)).recverr, {
		ee: {
			ee_errno: ENETUNREACH,
			ee_type: ICMP_DEST_UNREACH,
			ee_code: ICMP_NET_UNREACH,
		},
	});

	/* Path MTU. */
	dev_set_mtu(b.dev(b.router, 'r1'), 700);
	t.equal(kernel_connect(c, at('10.0.2.1', 9), 0), 0);
	t.equal(b.int(c, SOL_IP, IP_MTU), 1500);
	__sys_setsockopt(c, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	t.equal(b.send(c, pattern(1000)), 1000);
	t.match(ok(b.recv(c, MSG_ERRQUEUE)).recverr, {
		ee: {
			ee_errno: EMSGSIZE,
			ee_type: ICMP_DEST_UNREACH,
			ee_code: ICMP_FRAG_NEEDED,
			ee_info: 700,
		},
	});
	t.equal(b.error(c), 0, 'the queue was the error');
	t.equal(b.int(c, SOL_IP, IP_MTU), 700, 'the route knows');
	t.equal(b.send(c, pattern(1000)), -EMSGSIZE);
	t.match(ok(b.recv(c, MSG_ERRQUEUE)).recverr, {
		ee: { ee_errno: EMSGSIZE, ee_origin: SO_EE_ORIGIN_LOCAL, ee_info: 700 },
	});
	t.equal(b.send(c, pattern(672)), 672);

	/* A connected socket without an error queue. */
	const d = b.sock(b.left);
	kernel_connect(d, at('10.0.2.1', 10), 0);
	b.m.run_for(5 * NSEC_PER_SEC);
	b.send(d, pattern(1));
	t.equal(b.send(d, pattern(1)), -ECONNREFUSED);
	t.equal(b.recv(d), -EAGAIN);

	/* Unknown protocol. */
	b.m.run_for(5 * NSEC_PER_SEC);
	wire.length = 0;
	const raw = b.sock(b.left, SOCK_RAW, 200);
	b.send(raw, pattern(10), at('10.0.2.1', 0));
	t.equal(wire[0].packet[20], ICMP_DEST_UNREACH);
	t.equal(wire[0].packet[21], ICMP_PROT_UNREACH);
	for (const s of [c, d, raw]) sock_release(s);
	t.same(b.close(), { skbs: 0, records: '' });
	t.end();
});

void t.test('ICMP errors are sent at a limited rate', (t) => {
	const b = new bench();
	const wire = b.tap(b.dev(b.router, 'r0'));
	const c = b.sock(b.left);
	for (let i = 0; i < 30; i++) b.send(c, pattern(1), at('10.0.2.1', 1000 + i));
	t.ok(wire.length >= 5 && wire.length <= 7, `${wire.length} of 30 in 30 ms`);
	wire.length = 0;
	for (let i = 0; i < 5; i++) {
		b.m.run_for(NSEC_PER_SEC);
		b.send(c, pattern(1), at('10.0.2.1', 1000 + i));
	}
	t.equal(wire.length, 5, 'one a second');
	b.sysctl(b.right, 'net/ipv4/icmp_ratelimit', '0');
	wire.length = 0;
	for (let i = 0; i < 30; i++) b.send(c, pattern(1), at('10.0.2.1', 1000 + i));
	t.equal(wire.length, 30);

	/* Not in answer to errors, later pieces, groups. */
	const r0 = b.dev(b.right, 'r0');
	wire.length = 0;
	b.m.run_for(10 * NSEC_PER_SEC);
	const quoted = ip_packet('10.0.2.1', '10.0.1.1', 200, pattern(8));
	for (const p of [
		ip_packet(
			'10.0.1.1',
			'10.0.2.1',
			IPPROTO_ICMP,
			icmp_message(ICMP_DEST_UNREACH, 3, 0, quoted),
			{
				ttl: 0,
			},
		),
		ip_packet('10.0.1.1', '10.0.2.255', IPPROTO_UDP, udp_datagram(1, 2, pattern(1))),
		ip_packet('10.0.1.1', '224.0.0.1', IPPROTO_UDP, udp_datagram(1, 2, pattern(1))),
	])
		b.inject(r0, p);
	t.equal(wire.length, 0);
	sock_release(c);
	t.same(b.close(), { skbs: 0, records: '' });
	t.end();
});

void t.test('raw sockets: ping, own headers', (t) => {
	const b = new bench();
	const raw = b.sock(b.left, SOCK_RAW, IPPROTO_ICMP);
	const ping = icmp_message(ICMP_ECHO, 0, 0x00010002, pattern(56));
	t.equal(b.send(raw, ping, at('10.0.2.1', 0)), 64);
	const r = ok(b.recv(raw));
	t.equal(r.data.length, 84, 'header and all');
	t.equal(r.data[8], 63);
	t.equal(r.data[20], ICMP_ECHOREPLY);
	t.same(r.data.subarray(24), ping.subarray(4));
	t.same(r.name, at('10.0.2.1', 0));
	t.equal(b.send(raw, ping, at('127.0.0.1', 0)), 64);
	t.equal(ok(b.recv(raw)).data[20], ICMP_ECHO, 'over loopback the question comes first');
	t.equal(ok(b.recv(raw)).data[20], ICMP_ECHOREPLY);

	const stamp = icmp_message(ICMP_TIMESTAMP, 0, 1, new Uint8Array(12));
	b.send(raw, stamp, at('10.0.2.1', 0));
	t.equal(ok(b.recv(raw)).data[20], ICMP_TIMESTAMPREPLY);
	b.send(raw, icmp_message(ICMP_ECHO, 0, 1, pattern(4000)), at('10.0.2.1', 0));
	t.equal(ok(b.recv(raw)).data.length, 4028, 'in pieces both ways');

	b.sysctl(b.right, 'net/ipv4/icmp_echo_ignore_all', '1');
	b.send(raw, ping, at('10.0.2.1', 0));
	t.equal(b.recv(raw), -EAGAIN);

	const hdr = b.sock(b.left, SOCK_RAW, IPPROTO_RAW);
	t.equal(b.int(hdr, SOL_IP, IP_HDRINCL), 1);
	const s = b.sock(b.right, SOCK_DGRAM, 0, at('0.0.0.0', 7));
	const p = ip_packet('10.0.1.77', '10.0.2.1', IPPROTO_UDP, udp_datagram(5, 7, pattern(30)), {
		id: 0,
	});
	t.equal(b.send(hdr, p, at('10.0.2.1', 0)), p.length);
	const got = ok(b.recv(s));
	t.same(got.data, pattern(30));
	t.same(got.name, at('10.0.1.77', 5));
	t.equal(b.send(hdr, new Uint8Array(1600), at('10.0.2.1', 0)), -EMSGSIZE);
	t.equal(b.send(hdr, new Uint8Array(10), at('10.0.2.1', 0)), -EINVAL);
	const dgram = sock_create(b.left, AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	t.equal(dgram, -EACCES, 'no group may have ping sockets');
	b.sysctl(b.left, 'net/ipv4/ping_group_range', '0 100');
	const icmp = b.sock(b.left, SOCK_DGRAM, IPPROTO_ICMP);
	b.sysctl(b.right, 'net/ipv4/icmp_echo_ignore_all', '0');
	t.equal(b.send(icmp, ping, at('10.0.2.1', 0)), 64);
	const reply = ok(b.recv(icmp));
	t.equal(reply.data[0], ICMP_ECHOREPLY, 'without the IP header');
	t.equal(get_unaligned_be16(reply.data, 4), (kernel_getsockname(icmp) as sockaddr_in).port);
	for (const x of [raw, hdr, s, icmp]) sock_release(x);
	t.same(b.close(), { skbs: 0, records: '' });
	t.end();
});

void t.test('bad packets are dropped', (t) => {
	const b = new bench();
	const r0 = b.dev(b.right, 'r0');
	const s = b.sock(b.right, SOCK_DGRAM, 0, at('0.0.0.0', 7));
	const good = ip_packet(
		'10.0.1.1',
		'10.0.2.1',
		IPPROTO_UDP,
		udp_datagram(5, 7, pattern(30)),
	);
	const changed = (f: (p: Uint8Array) => void, sum = true): Uint8Array => {
		const p = good.slice();
		f(p);
		if (sum) {
			p[10] = p[11] = 0;
			put_unaligned_be16(ip_compute_csum(p, 0, Math.max(20, (p[0] & 15) * 4)), p, 10);
		}
		return p;
	};
	const bad: [string, Uint8Array][] = [
		['version 6', changed((p) => (p[0] = 0x65))],
		['header of 16 bytes', changed((p) => (p[0] = 0x44))],
		['header longer than the packet', changed((p) => (p[0] = 0x4f)).subarray(0, 40)],
		['wrong checksum', changed((p) => (p[11] ^= 1), false)],
		['shorter than it says', changed((p) => (p[3] += 1))],
		['length below its header', changed((p) => (p[3] = 19))],
		['too short', good.subarray(0, 19)],
		['from a group', changed((p) => (p[12] = 224))],
		['from everybody', changed((p) => p.fill(255, 12, 16))],
		['from loopback', changed((p) => (p[12] = 127))],
		['from ourselves', changed((p) => p.copyWithin(12, 16, 20))],
		['to loopback', changed((p) => (p[16] = 127))],
		['wrong UDP checksum', changed((p) => (p[27] = 1))],
		['UDP length above the packet', changed((p) => (p[25] += 1))],
		['UDP length below its header', changed((p) => (p[25] = 7))],
	];
	for (const [what, p] of bad) {
		b.inject(r0, p);
		t.equal(b.recv(s), -EAGAIN, what);
	}
	b.inject(r0, good);
	t.equal(ok(b.recv(s)).data.length, 30);
	const padded = new Uint8Array(good.length + 10);
	padded.set(good);
	b.inject(r0, padded);
	t.equal(ok(b.recv(s)).data.length, 30, 'padding is cut off');
	const longer = changed((p) => (p[25] -= 4));
	b.inject(r0, longer);
	t.equal(ok(b.recv(s)).data.length, 26, 'what is behind the datagram too');
	sock_release(s);
	t.same(b.close(), { skbs: 0, records: '' });
	t.end();
});

void t.test('IP options: record route, timestamps, source routes', (t) => {
	const b = new bench();
	const s = b.sock(b.right, SOCK_RAW, IPPROTO_ICMP);
	const c = b.sock(b.left, SOCK_RAW, IPPROTO_ICMP);
	const rr = Uint8Array.from([7, 15, 4, ...new Array<number>(12).fill(0), 0]);
	t.equal(__sys_setsockopt(c, SOL_IP, IP_OPTIONS, rr), 0);
	b.send(c, icmp_message(ICMP_ECHO, 0, 1, pattern(8)), at('10.0.2.1', 0));
	const got = ok(b.recv(s)).data;
	t.equal(got[0], 0x49);
	t.equal(got[22], 16, 'all three places are taken');
	t.equal(get_unaligned_be32(got, 23), a4('10.0.1.1'));
	t.equal(get_unaligned_be32(got, 27), a4('10.0.2.254'));
	t.equal(get_unaligned_be32(got, 31), a4('10.0.2.1'));
	const back = ok(b.recv(c)).data;
	t.equal(back[0], 0x49, 'the answer has the options too');
	t.equal(__sys_setsockopt(c, SOL_IP, IP_OPTIONS, Uint8Array.from([7, 2, 4, 0])), -EINVAL);
	t.equal(__sys_setsockopt(c, SOL_IP, IP_OPTIONS, new Uint8Array(0)), 0);

	/* A bad option is answered; a source route is refused by default. */
	const wire = b.tap(b.dev(b.router, 'r0'));
	const r0 = b.dev(b.router, 'r0');
	b.inject(
		r0,
		ip_packet('10.0.1.1', '10.0.2.1', IPPROTO_UDP, udp_datagram(1, 7, pattern(4)), {
			options: Uint8Array.from([7, 2, 4, 0]),
		}),
	);
	t.equal(wire[0].packet[20], ICMP_PARAMETERPROB);
	wire.length = 0;
	const onward = b.tap(b.dev(b.router, 'r1'));
	b.inject(
		r0,
		ip_packet('10.0.1.1', '10.0.1.254', IPPROTO_UDP, udp_datagram(1, 7, pattern(4)), {
			options: Uint8Array.from([131, 7, 4, 10, 0, 2, 1, 0]),
		}),
	);
	t.equal(onward.length, 0);
	b.sysctl(b.router, 'net/ipv4/conf/all/accept_source_route', '1');
	b.sysctl(b.router, 'net/ipv4/conf/r0/accept_source_route', '1');
	b.inject(
		r0,
		ip_packet('10.0.1.1', '10.0.1.254', IPPROTO_UDP, udp_datagram(1, 7, pattern(4)), {
			options: Uint8Array.from([131, 7, 4, 10, 0, 2, 1, 0]),
		}),
	);
	t.equal(onward.length, 1);
	t.equal(onward[0].daddr, a4('10.0.2.1'));
	t.equal(onward[0].packet[22], 8, 'the pointer moved on');
	for (const x of [s, c]) sock_release(x);
	t.same(b.close(), { skbs: 0, records: '' });
	t.end();
});

void t.test('IDs of packets', (t) => {
	const b = new bench();
	const wire = b.tap(b.dev(b.left, 'l0'));
	const server = b.sock(b.right, SOCK_DGRAM, 0, at('0.0.0.0', 7));
	const c = b.sock(b.left);
	__sys_setsockopt(c, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	for (let i = 0; i < 5; i++) b.send(c, pattern(1), at('10.0.2.1', 7));
	t.ok(wire.every((p) => p.frag_off === 0x4000));
	t.same(new Set(wire.map((p) => p.id)), new Set([0]), 'what is never cut needs none');
	kernel_connect(c, at('10.0.2.1', 7), 0);
	wire.length = 0;
	for (let i = 0; i < 5; i++) b.send(c, pattern(1));
	t.equal((wire[4].id - wire[0].id) & 0xffff, 4, 'a connection counts');
	__sys_setsockopt(c, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
	wire.length = 0;
	for (let i = 0; i < 50; i++) b.send(c, pattern(1), at('10.0.2.1', 7));
	t.ok(wire.every((p) => p.frag_off === 0));
	const ids = wire.map((p) => p.id);
	t.equal(new Set(ids).size, 50, 'no ID twice');
	const steps = ids.slice(1).map((id, i) => (id - ids[i]) & 0xffff);
	t.ok(
		steps.every((n) => n >= 1 && n <= 3),
		'they go up by no more than the ticks in between',
	);
	for (const x of [server, c]) sock_release(x);
	t.same(b.close(), { skbs: 0, records: '' });
	t.end();
});

void t.test('any bytes at all', (t) => {
	const b = new bench();
	const r0 = b.dev(b.router, 'r0');
	b.sysctl(b.router, 'net/ipv4/conf/all/accept_source_route', '1');
	b.sysctl(b.router, 'net/ipv4/conf/r0/accept_source_route', '1');
	const socks = [
		b.sock(b.router, SOCK_RAW, IPPROTO_ICMP),
		b.sock(b.router, SOCK_DGRAM, 0, at('0.0.0.0', 7)),
		b.sock(b.right, SOCK_DGRAM, 0, at('0.0.0.0', 7)),
	];
	const dst = fc.constantFrom(
		'10.0.1.254',
		'10.0.2.1',
		'10.0.1.255',
		'192.0.2.7',
		'224.0.0.1',
	);
	const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
	fc.assert(
		fc.property(
			dst,
			fc.constantFrom(IPPROTO_UDP, IPPROTO_ICMP, 200),
			bytes(120),
			bytes(40),
			fc.constantFrom(0, 0, 0x2000, 0x2001, 0x0004, 0x4000, 0x1fff),
			fc.nat(5),
			fc.nat(3),
			(daddr, protocol, payload, opts, frag_off, id, ttl) => {
				const options = new Uint8Array((opts.length + 3) & ~3).subarray(
					0,
					40,
				);
				options.set(opts.subarray(0, options.length));
				b.inject(
					r0,
					ip_packet('10.0.1.1', daddr, protocol, payload, {
						options,
						frag_off,
						id,
						ttl,
					}),
				);
			},
		),
		{ seed: 7, numRuns: 3000 },
	);
	fc.assert(
		fc.property(dst, fc.nat(20), fc.nat(20), bytes(100), (daddr, type, code, rest) => {
			b.inject(
				r0,
				ip_packet(
					'10.0.1.1',
					daddr,
					IPPROTO_ICMP,
					icmp_message(type, code, 0x10000, rest),
				),
			);
		}),
		{ seed: 8, numRuns: 1000 },
	);
	fc.assert(
		fc.property(bytes(80), (p) => {
			b.inject(r0, p);
		}),
		{ seed: 9, numRuns: 500 },
	);
	for (const s of socks) sock_release(s);
	t.same(b.close(), { skbs: 0, records: '' });
	t.end();
});

void t.test('settings', (t) => {
	const b = new bench();
	const get = (name: string): string => b.left.sysctls.get(`net/ipv4/${name}`)!.show();
	const set = (name: string, v: string): number => b.sysctl(b.left, `net/ipv4/${name}`, v);
	t.equal(get('ip_local_port_range'), '32768\t60999');
	t.equal(set('ip_local_port_range', '5000 4000'), -EINVAL);
	t.equal(set('ip_local_port_range', '500 4000'), -EINVAL, 'below the privileged ports');
	t.equal(set('ip_local_port_range', '40000 40001'), 0);
	t.equal(set('ip_local_reserved_ports', '40001,50000-50002'), 0);
	t.equal(get('ip_local_reserved_ports'), '40001,50000-50002');
	const s = b.sock(b.left, SOCK_DGRAM, 0, at('0.0.0.0', 0));
	t.equal((kernel_getsockname(s) as sockaddr_in).port, 40000);
	const s2 = b.sock(b.left);
	t.equal(kernel_bind(s2, at('0.0.0.0', 0)), -EADDRINUSE);
	t.equal(set('ip_default_ttl', '0'), -EINVAL);
	t.equal(set('ip_default_ttl', '9'), 0);
	const wire = b.tap(b.dev(b.left, 'l0'));
	b.send(s, pattern(1), at('10.0.2.1', 9));
	t.equal(wire[0].ttl, 9);
	const lines = b.left.proc_net.get('udp')!().split('\n');
	t.equal(lines.length, 3);
	t.equal(lines[1].length, 127);
	t.match(
		lines[1],
		/^ {0,4}\d+: 00000000:9C40 00000000:0000 07 00000000:00000000 00:00000000 /,
	);
	t.equal(b.right.proc_net.get('udp')!().split('\n').length, 2);
	t.equal(
		b.right.sysctls.get('net/ipv4/ip_default_ttl')!.show(),
		'64',
		'each namespace its own',
	);
	t.equal(b.init_net.sysctls.has('net/ipv4/udp_mem'), true);
	t.equal(b.left.sysctls.has('net/ipv4/udp_mem'), false, 'the machine has one');
	for (const x of [s, s2]) sock_release(x);
	t.same(b.close(), { skbs: 0, records: '' });
	t.end();
});
