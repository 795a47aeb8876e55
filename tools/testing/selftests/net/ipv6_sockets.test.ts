// SPDX-License-Identifier: GPL-2.0-only
/*
 * UDP, ping and raw sockets over IPv6: two hosts on one virtual Ethernet, frames on the wire and what
 * the programs are told.
 */
import t, { type Test } from 'tap';
import { get_unaligned_be16, put_unaligned_be16 } from '../../../../include/linux/byteorder/generic.ts';
import { IS_ERR } from '../../../../include/linux/err.ts';
import type { socket } from '../../../../include/linux/net.ts';
import { netdev_priv } from '../../../../include/linux/netdevice.ts';
import type { sk_buff } from '../../../../include/linux/skbuff.ts';
import {
	AF_INET,
	AF_INET6,
	MSG_DONTWAIT,
	MSG_ERRQUEUE,
	MSG_MORE,
	MSG_TRUNC,
	msghdr,
	SO_ERROR,
	SO_REUSEADDR,
	SOCK_DGRAM,
	SOCK_RAW,
	SOL_ICMPV6,
	SOL_IPV6,
	SOL_SOCKET,
	type sockaddr,
	type sockaddr_in6,
	type sockopt_value,
} from '../../../../include/linux/socket.ts';
import { csum_ipv6_magic, csum_partial } from '../../../../include/net/checksum.ts';
import {
	EADDRINUSE,
	EADDRNOTAVAIL,
	EAGAIN,
	ECONNREFUSED,
	EDESTADDRREQ,
	EINVAL,
	EMSGSIZE,
	ENETUNREACH,
	ENODEV,
	ENOPROTOOPT,
	ENOTCONN,
	EOPNOTSUPP,
} from '../../../../include/uapi/linux/errno.ts';
import {
	SO_EE_ORIGIN_ICMP6,
	SO_EE_ORIGIN_LOCAL,
} from '../../../../include/uapi/linux/errqueue.ts';
import {
	icmp6_filter,
	ICMPV6_DEST_UNREACH,
	ICMPV6_ECHO_REPLY,
	ICMPV6_ECHO_REQUEST,
	ICMPV6_EXC_FRAGTIME,
	ICMPV6_FILTER,
	ICMPV6_PORT_UNREACH,
	ICMPV6_TIME_EXCEED,
} from '../../../../include/uapi/linux/icmpv6.ts';
import { IPPROTO_ICMPV6, IPPROTO_RAW, IPPROTO_UDP } from '../../../../include/uapi/linux/in.ts';
import {
	IPV6_ADDR_PREFERENCES,
	IPV6_CHECKSUM,
	IPV6_DONTFRAG,
	IPV6_DSTOPTS,
	IPV6_FLOWINFO,
	IPV6_HOPOPTS,
	IPV6_JOIN_GROUP,
	IPV6_LEAVE_GROUP,
	IPV6_MTU,
	IPV6_MULTICAST_HOPS,
	IPV6_MULTICAST_IF,
	IPV6_MULTICAST_LOOP,
	IPV6_PKTINFO,
	IPV6_PREFER_SRC_HOME,
	IPV6_PREFER_SRC_PUBLIC,
	IPV6_PREFER_SRC_TMP,
	IPV6_RECVDSTOPTS,
	IPV6_RECVERR,
	IPV6_RECVFRAGSIZE,
	IPV6_RECVHOPLIMIT,
	IPV6_RECVHOPOPTS,
	IPV6_RECVPATHMTU,
	IPV6_RECVPKTINFO,
	IPV6_RECVTCLASS,
	IPV6_TCLASS,
	IPV6_UNICAST_HOPS,
	IPV6_V6ONLY,
} from '../../../../include/uapi/linux/in6.ts';
import { __dev_get_by_name } from '../../../../net/core/dev.ts';
import {
	__sys_getsockopt,
	__sys_setsockopt,
	kernel_bind,
	kernel_connect,
	kernel_getpeername,
	kernel_getsockname,
	sock_create,
	sock_recvmsg,
	sock_release,
	sock_sendmsg,
} from '../../../../net/socket.ts';
import type { veth_priv } from '../drivers/net/veth.ts';
import { ntop6, pton6 } from '../lib/address.ts';
import { World } from '../lib/world.ts';

/** Host a is fd00::1 and 10.0.0.1, host b fd00::2 and 10.0.0.2. */
function hosts(): World {
	const w = new World();
	for (const n of ['a', 'b']) {
		w.must(`ip netns add ${n}`);
		w.must(`ip -n ${n} link set lo up`);
	}
	w.must('ip link add veth0 netns a type veth peer name veth0 netns b');
	for (const [n, i] of [
		['a', 1],
		['b', 2],
	] as const) {
		w.must(`ip -n ${n} addr add 10.0.0.${i}/24 dev veth0`);
		w.must(`ip -n ${n} addr add fd00::${i}/64 dev veth0 nodad`);
		w.must(`ip -n ${n} link set veth0 up`);
	}
	w.sleep(3);
	/* neighbours know each other */
	w.must('ping -6 -c 1 fd00::2', { netns: 'a' });
	w.must('ping -6 -c 1 fd00::1', { netns: 'b' });
	return w;
}

const bytes = (s: string): Uint8Array => new TextEncoder().encode(s);
const text = (b: Uint8Array, n: number): string => new TextDecoder().decode(b.subarray(0, n));
const ip6 = (s: string): Uint8Array => pton6(s)!;
const at = (addr: string, port = 0, scope_id = 0): sockaddr_in6 => ({
	family: AF_INET6,
	addr: ip6(addr),
	port,
	scope_id,
});

const ifindex = (w: World, ns: string): number => __dev_get_by_name(w.ns(ns), 'veth0')!.ifindex;

function open(w: World, ns: string, type: number, protocol: number): socket {
	const s = sock_create(w.ns(ns), AF_INET6, type, protocol);
	if (IS_ERR(s)) throw new Error(`socket: errno ${-s}`);
	return s;
}

const udp = (w: World, ns: string): socket => open(w, ns, SOCK_DGRAM, IPPROTO_UDP);

const set = (s: socket, optname: number, val: sockopt_value, level = SOL_IPV6): number =>
	__sys_setsockopt(s, level, optname, val);

function get(s: socket, optname: number, level = SOL_IPV6): sockopt_value {
	const res: { val: sockopt_value } = { val: 0 };
	const err = __sys_getsockopt(s, level, optname, res);
	return err < 0 ? err : res.val;
}

function send(
	s: socket,
	data: string | Uint8Array,
	to: sockaddr | null = null,
	more: Partial<msghdr> = {},
): number {
	const msg = new msghdr(typeof data === 'string' ? bytes(data) : data, to);
	Object.assign(msg, more);
	return sock_sendmsg(s, msg);
}

/** A received message. */
interface received {
	len: number;
	text: string;
	from: string;
	msg: msghdr;
}

function recv(s: socket, flags = 0, room = 65536): received {
	const msg = new msghdr(new Uint8Array(room));
	const len = sock_recvmsg(s, msg, flags | MSG_DONTWAIT);
	const { name } = msg;
	const from =
		name !== null && name.family === AF_INET6 ? `${ntop6(name.addr)} ${name.port}` : '';
	return { len, text: text(msg.data, Math.max(0, len)), from, msg };
}

/** IPv6 frames that a host sends. */
function watch(w: World, ns: string): Uint8Array[] {
	const frames: Uint8Array[] = [];
	netdev_priv<veth_priv>(__dev_get_by_name(w.ns(ns), 'veth0')!).tamper = (skb: sk_buff) => {
		const head = skb.head.slice(skb.data, skb.tail);
		if (head[12] === 0x86 && head[13] === 0xdd) frames.push(head);
		return true;
	};
	return frames;
}

function done(t: Test, w: World, ...socks: socket[]): void {
	for (const s of socks) sock_release(s);
	t.same(w.check_leaks(), [], 'nothing leaks');
	t.same(w.m.records, [], 'the kernel complains about nothing');
	t.end();
}

void t.test('UDP: a question and an answer', (t) => {
	const w = hosts();
	const s = udp(w, 'b');
	const c = udp(w, 'a');
	t.equal(kernel_bind(s, at('::', 7000)), 0);
	const frames = watch(w, 'a');

	t.equal(send(c, 'hello'), -EDESTADDRREQ);
	t.equal(send(c, 'hello', at('fd00::2', 7000)), 5);
	const own = kernel_getsockname(c) as sockaddr_in6;
	const r = recv(s);
	t.equal(r.text, 'hello');
	t.equal(r.from, `fd00::1 ${own.port}`);
	t.equal(recv(s).len, -EAGAIN);

	const f = frames[0];
	t.equal(f[14] >> 4, 6);
	t.equal(get_unaligned_be16(f, 18), 13, 'payload: UDP header and 5 bytes');
	t.equal(f[20], IPPROTO_UDP);
	t.equal(f[21], 64, 'hop limit');
	t.equal(get_unaligned_be16(f, 54), own.port);
	t.equal(get_unaligned_be16(f, 56), 7000);
	t.equal(get_unaligned_be16(f, 58), 13);

	t.equal(send(s, 'and you', r.msg.name), 7);
	t.equal(kernel_connect(c, at('fd00::2', 7000), 0), 0);
	t.equal(recv(c).text, 'and you');
	t.equal(send(c, 'again'), 5);
	t.equal(recv(s).text, 'again');
	t.match(kernel_getsockname(c), { addr: ip6('fd00::1'), port: own.port });
	t.match(kernel_getpeername(c), { addr: ip6('fd00::2'), port: 7000 });

	t.equal(send(c, 'a long one'), 10);
	const cut = recv(s, 0, 4);
	t.equal(cut.text, 'a lo');
	t.ok((cut.msg.flags & MSG_TRUNC) !== 0);
	done(t, w, s, c);
});

void t.test('UDP: the checksum of what no device completes', (t) => {
	const w = hosts();
	w.must('ethtool -K veth0 tx off', { netns: 'a' });
	const s = udp(w, 'b');
	const c = udp(w, 'a');
	t.equal(kernel_bind(s, at('::', 7000)), 0);
	const frames = watch(w, 'a');
	t.equal(send(c, 'odd', at('fd00::2', 7000)), 3);
	t.equal(recv(s).text, 'odd');
	const f = frames[0];
	const sum = csum_partial(f, 54, 11, 0);
	t.equal(csum_ipv6_magic(f, 22, f, 38, 11, IPPROTO_UDP, sum), 0, 'it is right');
	done(t, w, s, c);
});

void t.test('UDP: ancillary data, given and taken', (t) => {
	const w = hosts();
	const s = udp(w, 'b');
	const c = udp(w, 'a');
	t.equal(kernel_bind(s, at('::', 7000)), 0);
	for (const opt of [
		IPV6_RECVPKTINFO,
		IPV6_RECVHOPLIMIT,
		IPV6_RECVTCLASS,
		IPV6_FLOWINFO,
		IPV6_RECVDSTOPTS,
		IPV6_RECVHOPOPTS,
	])
		t.equal(set(s, opt, 1), 0);

	const pad = Uint8Array.of(0, 0, 1, 4, 0, 0, 0, 0);
	t.equal(
		send(c, 'x', at('fd00::2', 7000), {
			hoplimit: 9,
			tclass: 0x28,
			dstopts: pad,
			hopopts: pad,
		}),
		1,
	);
	const { msg } = recv(s);
	t.equal(msg.hoplimit, 9);
	t.equal(msg.tclass, 0x28);
	t.equal(msg.flowinfo! >>> 20, 0x28, 'the class is part of the flow information');
	t.same(msg.pktinfo6, { ipi6_addr: ip6('fd00::2'), ipi6_ifindex: ifindex(w, 'b') });
	t.same([...msg.dstopts!], [17, ...pad.subarray(1)]);
	t.same([...msg.hopopts!], [60, ...pad.subarray(1)]);

	t.equal(set(c, IPV6_UNICAST_HOPS, 3), 0);
	t.equal(set(c, IPV6_TCLASS, 0x10), 0);
	t.equal(set(c, IPV6_DSTOPTS, pad), 0);
	t.equal(send(c, 'y', at('fd00::2', 7000)), 1);
	const set_by_option = recv(s).msg;
	t.equal(set_by_option.hoplimit, 3);
	t.equal(set_by_option.tclass, 0x10);
	t.same([...set_by_option.dstopts!], [17, ...pad.subarray(1)]);
	t.same(set_by_option.hopopts, null);
	t.equal(set(c, IPV6_DSTOPTS, new Uint8Array(0)), 0);
	t.equal(set(c, IPV6_HOPOPTS, Uint8Array.of(0, 1, 1, 4, 0, 0, 0, 0)), -EINVAL, 'cut off');

	const any = new Uint8Array(16);
	const send_from = (addr: Uint8Array, index: number): number =>
		send(c, 'z', at('fd00::2', 7000), { pktinfo6: { ipi6_addr: addr, ipi6_ifindex: index } });
	w.must('ip -n a addr add fd00::11/64 dev veth0 nodad');
	t.equal(send_from(ip6('fd00::11'), 0), 1);
	t.match(recv(s).from, /^fd00::11 /);
	t.equal(send_from(ip6('fd00::99'), 0), -EINVAL, 'not ours');
	t.equal(send_from(any, 99), -ENODEV, 'no such device');
	t.equal(send(c, 'z', at('fd00::2', 7000), { hoplimit: 256 }), -EINVAL);
	t.equal(send(c, 'z', at('fd00::2', 7000), { tclass: 256 }), -EINVAL);
	done(t, w, s, c);
});

void t.test('UDP: nobody listens', (t) => {
	const w = hosts();
	const c = udp(w, 'a');
	t.equal(kernel_connect(c, at('fd00::2', 7000), 0), 0);
	t.equal(send(c, 'knock'), 5);
	t.equal(send(c, 'knock'), -ECONNREFUSED, 'the next send tells');
	t.equal(recv(c).len, -EAGAIN);
	t.equal(send(c, 'knock'), 5);
	t.equal(recv(c).len, -ECONNREFUSED, 'or the next receive');

	t.equal(set(c, IPV6_RECVERR, 1), 0);
	t.equal(send(c, 'knock'), 5);
	t.equal(get(c, SO_ERROR, SOL_SOCKET), ECONNREFUSED);
	const e = recv(c, MSG_ERRQUEUE);
	t.equal(e.text, 'knock', 'what came back');
	t.equal(e.from, 'fd00::2 7000', 'where it went');
	t.match(e.msg.recverr, {
		ee: {
			ee_errno: ECONNREFUSED,
			ee_origin: SO_EE_ORIGIN_ICMP6,
			ee_type: ICMPV6_DEST_UNREACH,
			ee_code: ICMPV6_PORT_UNREACH,
		},
		offender: { addr: ip6('fd00::2') },
	});
	t.equal(recv(c, MSG_ERRQUEUE).len, -EAGAIN);
	done(t, w, c);
});

void t.test('UDP: one socket for both families, or for IPv6 alone', (t) => {
	const w = hosts();
	const both = udp(w, 'b');
	t.equal(set(both, IPV6_RECVPKTINFO, 1), 0);
	t.equal(kernel_bind(both, at('::', 7000)), 0);
	const c4 = sock_create(w.ns('a'), AF_INET, SOCK_DGRAM, 0);
	if (IS_ERR(c4)) throw new Error('socket');
	t.equal(kernel_bind(c4, { family: AF_INET, addr: 0, port: 5000 }), 0);
	t.equal(send(c4, 'four', { family: AF_INET, addr: 0x0a000002, port: 7000 }), 4);
	const r = recv(both);
	t.equal(r.text, 'four');
	t.equal(r.from, '::ffff:10.0.0.1 5000');
	t.same(r.msg.pktinfo6, {
		ipi6_addr: ip6('::ffff:10.0.0.2'),
		ipi6_ifindex: ifindex(w, 'b'),
	});
	t.equal(send(both, 'back', r.msg.name), 4, 'to a mapped address');
	const back = recv(c4);
	t.equal(back.text, 'back');
	t.match(back.msg.name, { family: AF_INET, addr: 0x0a000002, port: 7000 });
	t.equal(kernel_connect(both, at('::ffff:10.0.0.1', 5000), 0), 0);
	t.equal(send(both, 'more'), 4);
	t.equal(recv(c4).text, 'more');
	t.match(kernel_getsockname(both), { addr: ip6('::ffff:10.0.0.2'), port: 7000 });

	const only = udp(w, 'b');
	t.equal(get(only, IPV6_V6ONLY), 0);
	t.equal(set(only, IPV6_V6ONLY, 1), 0);
	t.equal(kernel_bind(only, at('::', 7001)), 0);
	t.equal(set(only, IPV6_V6ONLY, 0), -EINVAL, 'too late');
	t.equal(send(only, 'no', at('::ffff:10.0.0.1', 5000)), -ENETUNREACH);
	send(c4, 'four', { family: AF_INET, addr: 0x0a000002, port: 7001 });
	t.equal(recv(only).len, -EAGAIN);
	const four = sock_create(w.ns('b'), AF_INET, SOCK_DGRAM, 0);
	if (IS_ERR(four)) throw new Error('socket');
	t.equal(kernel_bind(four, { family: AF_INET, addr: 0, port: 7001 }), 0, 'the port is free');
	done(t, w, both, c4, only, four);
});

void t.test('UDP: addresses that cannot be', (t) => {
	const w = hosts();
	const s = udp(w, 'a');
	const s2 = udp(w, 'a');
	t.equal(kernel_bind(s, at('fd00::77', 7000)), -EADDRNOTAVAIL);
	t.equal(kernel_bind(s, at('fe80::1', 7000)), -EINVAL, 'link-local without a link');
	t.equal(kernel_bind(s, at('fd00::1', 7000)), 0);
	t.equal(kernel_bind(s, at('fd00::1', 7001)), -EINVAL, 'bound already');
	t.equal(kernel_bind(s2, at('::', 7000)), -EADDRINUSE);
	t.equal(kernel_connect(s2, at('2001:db8::1', 1), 0), -ENETUNREACH);
	t.equal(kernel_connect(s2, at('fe80::1', 1), 0), -EINVAL);
	t.equal(send(s2, 'x', at('fd00::2', 0)), -EINVAL, 'no port');

	const lla = w
		.must('ip -n b -6 addr show dev veth0')
		.match(/inet6 (fe80::[0-9a-f:]+)/)![1];
	const peer = udp(w, 'b');
	t.equal(kernel_bind(peer, at('::', 7002)), 0);
	t.equal(send(s2, 'link', at(lla, 7002, ifindex(w, 'a'))), 4);
	const r = recv(peer);
	t.equal(r.text, 'link');
	t.match(r.from, /^fe80::/);
	t.match(r.msg.name, { scope_id: ifindex(w, 'b') });
	done(t, w, s, s2, peer);
});

void t.test('UDP: pieces, fragments and the largest datagram', (t) => {
	const w = hosts();
	const s = udp(w, 'b');
	const c = udp(w, 'a');
	t.equal(kernel_bind(s, at('::', 7000)), 0);
	t.equal(set(s, IPV6_RECVFRAGSIZE, 1), 0);
	t.equal(kernel_connect(c, at('fd00::2', 7000), 0), 0);
	const frames = watch(w, 'a');

	t.equal(send(c, 'one ', null, { flags: MSG_MORE }), 4);
	t.equal(recv(s).len, -EAGAIN);
	t.equal(send(c, 'two', null), 3);
	t.equal(recv(s).text, 'one two');
	t.equal(frames.length, 1);

	const big = Uint8Array.from({ length: 4000 }, (_, i) => i & 0xff);
	t.equal(send(c, big), 4000);
	t.equal(frames.length, 4, 'three fragments');
	t.same(
		frames.slice(1).map((f) => get_unaligned_be16(f, 56)),
		[0 | 1, 1448 | 1, 2896],
		'offsets and more-fragments bits',
	);
	t.ok(
		frames.slice(1).every((f) => f[20] === 44),
		'fragment headers',
	);
	const r = recv(s);
	t.equal(r.len, 4000);
	t.same(r.msg.data.subarray(0, 4000), big);
	t.equal(r.msg.recvfragsize, 1496);

	t.equal(send(c, new Uint8Array(65527)), 65527);
	t.equal(recv(s).len, 65527);
	t.equal(send(c, new Uint8Array(65528)), -EMSGSIZE);

	t.equal(set(c, IPV6_RECVERR, 1), 0);
	t.equal(set(c, IPV6_RECVPATHMTU, 1), 0);
	t.equal(set(c, IPV6_DONTFRAG, 1), 0);
	t.equal(send(c, big), -EMSGSIZE);
	t.equal(recv(c).msg.pathmtu, 1500);
	t.match(recv(c, MSG_ERRQUEUE).msg.recverr!.ee, {
		ee_errno: EMSGSIZE,
		ee_origin: SO_EE_ORIGIN_LOCAL,
		ee_info: 1500,
	});
	t.equal(get(c, IPV6_MTU), 1500);
	done(t, w, s, c);
});

void t.test('UDP: a fragment that does not come', (t) => {
	const w = hosts();
	const s = udp(w, 'b');
	const c = udp(w, 'a');
	t.equal(kernel_bind(s, at('::', 7000)), 0);
	let n = 0;
	netdev_priv<veth_priv>(__dev_get_by_name(w.ns('a'), 'veth0')!).tamper = (skb: sk_buff) =>
		skb.head[skb.data + 20] !== 44 || ++n !== 2;
	const icmp = open(w, 'a', SOCK_RAW, IPPROTO_ICMPV6);
	const filter = new icmp6_filter();
	filter.data.fill(0xffffffff);
	filter.data[0] &= ~(1 << ICMPV6_TIME_EXCEED);
	t.equal(set(icmp, ICMPV6_FILTER, filter, SOL_ICMPV6), 0);

	t.equal(send(c, new Uint8Array(4000), at('fd00::2', 7000)), 4000);
	t.equal(recv(s).len, -EAGAIN);
	w.sleep(61);
	const r = recv(icmp);
	t.equal(r.from, 'fd00::2 0');
	t.equal(r.msg.data[0], ICMPV6_TIME_EXCEED);
	t.equal(r.msg.data[1], ICMPV6_EXC_FRAGTIME);
	t.equal(recv(s).len, -EAGAIN);
	done(t, w, s, c, icmp);
});

void t.test('UDP: a group on the link', (t) => {
	const w = hosts();
	const s = udp(w, 'b');
	const s2 = udp(w, 'b');
	const deaf = udp(w, 'b');
	const c = udp(w, 'a');
	const group = { ipv6mr_multiaddr: ip6('ff02::1:99'), ipv6mr_ifindex: ifindex(w, 'b') };
	t.equal(set(s, SO_REUSEADDR, 1, SOL_SOCKET), 0);
	t.equal(set(s2, SO_REUSEADDR, 1, SOL_SOCKET), 0);
	t.equal(kernel_bind(s, at('::', 7000)), 0);
	t.equal(kernel_bind(s2, at('::', 7000)), 0);
	t.equal(kernel_bind(deaf, at('::', 7001)), 0);
	const to = at('ff02::1:99', 7000, ifindex(w, 'a'));
	t.equal(send(c, 'early', to), 5);
	t.equal(recv(s).len, -EAGAIN, 'nobody joined');

	t.equal(set(s, IPV6_JOIN_GROUP, group), 0);
	t.equal(set(s, IPV6_JOIN_GROUP, group), -EADDRINUSE);
	t.equal(set(s2, IPV6_JOIN_GROUP, group), 0);
	const frames = watch(w, 'a');
	t.equal(send(c, 'to all', to), 6);
	t.equal(recv(s).text, 'to all');
	t.equal(recv(s2).text, 'to all');
	t.equal(recv(deaf).len, -EAGAIN);
	t.same([...frames[0].subarray(0, 6)], [0x33, 0x33, 0, 1, 0, 0x99]);
	t.equal(frames[0][21], 1, 'it stays on the link');

	t.equal(set(c, IPV6_MULTICAST_HOPS, 5), 0);
	t.equal(set(c, IPV6_MULTICAST_IF, ifindex(w, 'a')), 0);
	t.equal(set(c, IPV6_MULTICAST_IF, 99), -ENODEV);
	t.equal(send(c, 'by option', at('ff02::1:99', 7000)), 9);
	t.equal(recv(s).text, 'by option');
	t.equal(frames[1][21], 5);

	t.equal(set(c, IPV6_MULTICAST_LOOP, 2), -EINVAL);
	t.equal(set(s, IPV6_LEAVE_GROUP, group), 0);
	t.equal(set(s, IPV6_LEAVE_GROUP, group), -EADDRNOTAVAIL);
	done(t, w, s, s2, deaf, c);
});

void t.test('ping: echo requests and their answers', (t) => {
	const w = hosts();
	w.must('sysctl -q -w net.ipv4.ping_group_range="0 0"', { netns: 'a' });
	const p = open(w, 'a', SOCK_DGRAM, IPPROTO_ICMPV6);
	const frames = watch(w, 'a');
	const echo = new Uint8Array(16);
	echo[0] = ICMPV6_ECHO_REQUEST;
	put_unaligned_be16(0x5555, echo, 4);
	put_unaligned_be16(7, echo, 6);
	t.equal(set(p, IPV6_RECVHOPLIMIT, 1), 0);
	t.equal(send(p, echo, at('fd00::2')), 16);
	const f = frames[0];
	t.equal(f[20], IPPROTO_ICMPV6);
	const id = get_unaligned_be16(f, 58);
	t.equal(id, (kernel_getsockname(p) as sockaddr_in6).port, 'the identifier is the port');
	t.equal(csum_ipv6_magic(f, 22, f, 38, 16, IPPROTO_ICMPV6, csum_partial(f, 54, 16, 0)), 0);

	const r = recv(p);
	t.equal(r.len, 16);
	t.equal(r.from, 'fd00::2 0');
	t.equal(r.msg.data[0], ICMPV6_ECHO_REPLY);
	t.equal(get_unaligned_be16(r.msg.data, 4), id);
	t.equal(get_unaligned_be16(r.msg.data, 6), 7);
	t.equal(r.msg.hoplimit, 64);

	echo[0] = ICMPV6_ECHO_REPLY;
	t.equal(send(p, echo, at('fd00::2')), -EINVAL, 'only requests');
	echo[0] = ICMPV6_ECHO_REQUEST;
	t.equal(send(p, echo, at('fe80::2')), -EINVAL, 'no interface');
	t.equal(send(p, echo.subarray(0, 4), at('fd00::2')), -EINVAL);
	done(t, w, p);
});

void t.test('raw: payloads of a protocol', (t) => {
	const w = hosts();
	const s = open(w, 'b', SOCK_RAW, 200);
	const other = open(w, 'b', SOCK_RAW, 201);
	const c = open(w, 'a', SOCK_RAW, 200);
	t.equal(set(s, IPV6_RECVPKTINFO, 1), 0);
	t.equal(send(c, 'raw', at('fd00::2')), 3);
	const r = recv(s);
	t.equal(r.text, 'raw', 'without the IPv6 header');
	t.equal(r.from, 'fd00::1 0');
	t.same(r.msg.pktinfo6, { ipi6_addr: ip6('fd00::2'), ipi6_ifindex: ifindex(w, 'b') });
	t.equal(recv(other).len, -EAGAIN);
	t.equal(send(c, 'raw', at('fd00::2', 201)), -EINVAL, 'another protocol');

	const frames = watch(w, 'a');
	t.equal(set(c, IPV6_CHECKSUM, 3), -EINVAL, 'odd');
	t.equal(set(c, IPV6_CHECKSUM, 2), 0);
	t.equal(get(c, IPV6_CHECKSUM), 2);
	t.equal(get(s, IPV6_CHECKSUM), -1);
	t.equal(send(c, Uint8Array.of(1, 2, 0, 0, 5, 6), at('fd00::2')), 6);
	const f = frames[0];
	t.equal(csum_ipv6_magic(f, 22, f, 38, 6, 200, csum_partial(f, 54, 6, 0)), 0);
	t.equal(set(s, IPV6_CHECKSUM, 2), 0);
	t.equal(recv(s).len, 6, 'checked when it is read');
	t.equal(set(c, IPV6_CHECKSUM, -1), 0);
	t.equal(send(c, Uint8Array.of(1, 2, 0, 0, 5, 6), at('fd00::2')), 6);
	t.equal(recv(s).len, -EAGAIN, 'a wrong one is dropped');

	t.equal(kernel_bind(s, at('fd00::77')), -EADDRNOTAVAIL);
	t.equal(kernel_bind(s, at('::ffff:10.0.0.2')), -EADDRNOTAVAIL);
	t.equal(kernel_bind(s, at('fd00::2')), 0);
	t.equal(set(c, ICMPV6_FILTER, new icmp6_filter(), SOL_ICMPV6), -EOPNOTSUPP);
	done(t, w, s, other, c);
});

void t.test('raw: a header of one’s own', (t) => {
	const w = hosts();
	const s = open(w, 'b', SOCK_RAW, 200);
	const c = open(w, 'a', SOCK_RAW, IPPROTO_RAW);
	const p = new Uint8Array(44);
	p[0] = 0x60;
	p[5] = 4;
	p[6] = 200;
	p[7] = 33;
	p.set(ip6('fd00::abcd'), 8);
	p.set(ip6('fd00::2'), 24);
	p.set(bytes('mine'), 40);
	t.equal(set(s, IPV6_RECVHOPLIMIT, 1), 0);
	t.equal(send(c, p, at('fd00::2')), 44);
	const r = recv(s);
	t.equal(r.text, 'mine');
	t.equal(r.from, 'fd00::abcd 0', 'whatever the program wrote');
	t.equal(r.msg.hoplimit, 33);
	t.equal(send(c, p.subarray(0, 20), at('fd00::2')), -EINVAL);
	t.equal(send(c, new Uint8Array(1501), at('fd00::2')), -EMSGSIZE);
	done(t, w, s, c);
});

void t.test('raw: ICMPv6 with a filter', (t) => {
	const w = hosts();
	const s = open(w, 'b', SOCK_RAW, IPPROTO_ICMPV6);
	const filter = new icmp6_filter();
	filter.data[ICMPV6_ECHO_REQUEST >> 5] = 1 << (ICMPV6_ECHO_REQUEST & 31);
	t.equal(set(s, ICMPV6_FILTER, filter, SOL_ICMPV6), 0);
	t.same((get(s, ICMPV6_FILTER, SOL_ICMPV6) as icmp6_filter).data, filter.data);
	t.equal(set(s, IPV6_CHECKSUM, 2), -EINVAL, 'it is where it is');
	w.must('ping -6 -c 1 fd00::2', { netns: 'a' });
	for (let r = recv(s); r.len >= 0; r = recv(s)) t.not(r.msg.data[0], ICMPV6_ECHO_REQUEST);

	t.equal(set(s, ICMPV6_FILTER, new icmp6_filter(), SOL_ICMPV6), 0);
	w.must('ping -6 -c 1 fd00::2', { netns: 'a' });
	const seen: number[] = [];
	for (let r = recv(s); r.len >= 0; r = recv(s)) seen.push(r.msg.data[0]);
	t.ok(seen.includes(ICMPV6_ECHO_REQUEST));
	done(t, w, s);
});

void t.test('options: what is set is what is read', (t) => {
	const w = hosts();
	const s = udp(w, 'a');
	t.equal(get(s, IPV6_UNICAST_HOPS), 64, 'the default of the host');
	t.equal(set(s, IPV6_UNICAST_HOPS, 256), -EINVAL);
	t.equal(set(s, IPV6_TCLASS, -1), 0);
	t.equal(get(s, IPV6_TCLASS), 0);
	t.equal(get(s, IPV6_MTU), -ENOTCONN, 'not connected');
	t.equal(set(s, IPV6_MTU, 1000), -EINVAL, 'below the least');
	t.equal(set(s, IPV6_ADDR_PREFERENCES, IPV6_PREFER_SRC_TMP | IPV6_PREFER_SRC_PUBLIC), -EINVAL);
	t.equal(set(s, IPV6_ADDR_PREFERENCES, IPV6_PREFER_SRC_PUBLIC), 0);
	t.equal(get(s, IPV6_ADDR_PREFERENCES), IPV6_PREFER_SRC_PUBLIC | IPV6_PREFER_SRC_HOME);
	t.equal(set(s, IPV6_PKTINFO, 1), -EINVAL);
	t.equal(set(s, 9999, 1), -ENOPROTOOPT);
	t.equal(get(s, 9999), -ENOPROTOOPT);

	const pinned = { ipi6_addr: new Uint8Array(16), ipi6_ifindex: ifindex(w, 'a') };
	const c = udp(w, 'b');
	t.equal(kernel_bind(c, at('::', 7000)), 0);
	t.equal(set(s, IPV6_PKTINFO, pinned), 0);
	t.equal(send(s, 'pinned', at('ff02::1', 7000)), 6, 'the interface of a group');
	t.equal(recv(c).text, 'pinned');
	done(t, w, s, c);
});
