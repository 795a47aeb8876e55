// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPv6 between hosts: addresses and their detection, neighbours, routers, routes and what is learnt about them,
 * groups, extension headers, fragments. Commands as a user gives them, frames as they are on the wires.
 */
import fc from 'fast-check';
import t, { type TAP } from 'tap';
import { netlink_ext_ack } from '../../../../include/linux/netlink.ts';
import { skb_reserve } from '../../../../include/linux/skbuff.ts';
import { AF_INET6, MSG_MORE, msghdr, SOCK_DGRAM } from '../../../../include/linux/socket.ts';
import { NLM_F_DUMP, nla_parse_nested, type nlmsg } from '../../../../include/net/netlink.ts';
import { EADDRNOTAVAIL, EINVAL, ENODEV } from '../../../../include/uapi/linux/errno.ts';
import { IFA_ADDRESS } from '../../../../include/uapi/linux/if_addr.ts';
import {
	IFLA_AF_SPEC,
	IFLA_INET6_ADDR_GEN_MODE,
	IFLA_INET6_CONF,
	IFLA_INET6_TOKEN,
	IFLA_PROTINFO,
} from '../../../../include/uapi/linux/if_link.ts';
import { DEVCONF_HOPLIMIT } from '../../../../include/uapi/linux/ipv6.ts';
import {
	ifaddrmsg_msg,
	ifinfomsg_msg,
	RTM_DELADDR,
	RTM_DELROUTE,
	RTM_GETADDR,
	RTM_GETLINK,
	RTM_NEWADDR,
	RTM_NEWLINK,
	RTM_NEWROUTE,
	RTM_SETLINK,
	RTNLGRP_IPV6_IFADDR,
	RTNLGRP_IPV6_IFINFO,
	RTNLGRP_IPV6_ROUTE,
} from '../../../../include/uapi/linux/rtnetlink.ts';
import { __dev_get_by_name, netif_rx } from '../../../../net/core/dev.ts';
import { rtnetlink_rcv_msg, rtnl_listen } from '../../../../net/core/rtnetlink.ts';
import { alloc_skb, skb_put } from '../../../../net/core/skbuff.ts';
import { eth_type_trans } from '../../../../net/ethernet/eth.ts';
import { kernel_connect, sock_create, sock_release, sock_sendmsg } from '../../../../net/socket.ts';
import { pton6 } from '../lib/address.ts';
import { fold16, type packet, sum16 } from '../lib/packet.ts';
import { capture_point } from '../lib/tap.ts';
import { type result, World } from '../lib/world.ts';

type bytes = Uint8Array | readonly number[];

const HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const ICMP6 = 58;
const NONE = 59;
const DEST = 60;
const UDP = 17;

const UNREACH = 1;
const TOO_BIG = 2;
const EXCEEDED = 3;
const PARAM = 4;
const ECHO = 128;
const REPLY = 129;
const QUERY = 130;
const REPORT1 = 131;
const DONE1 = 132;
const RS = 133;
const RA = 134;
const NS = 135;
const NA = 136;
const REDIRECT = 137;
const REPORT2 = 143;

const a6 = (s: string): Uint8Array => pton6(s)!;
const hex = (b: Uint8Array): string => Buffer.from(b).toString('hex');

function cat(...parts: bytes[]): Uint8Array {
	const r = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
	let at = 0;
	for (const p of parts) {
		r.set(p, at);
		at += p.length;
	}
	return r;
}

const be16 = (v: number): number[] => [v >> 8, v & 255];
const be32 = (v: number): number[] => [...be16(v >>> 16), ...be16(v & 0xffff)];

/** An IPv6 packet. */
function ip6(src: string, dst: string, nexthdr: number, payload: bytes, hlim = 64): Uint8Array {
	return cat(
		[0x60, 0, 0, 0],
		be16(payload.length),
		[nexthdr, hlim],
		a6(src),
		a6(dst),
		payload,
	);
}

/** Fills in a transport's checksum. */
function checksum(p: Uint8Array, proto: number, field: number): Uint8Array {
	const c =
		~fold16(sum16(p, 40, p.length - 40, sum16(p, 8, 32) + p.length - 40 + proto)) &
		0xffff;
	p[field] = c >> 8;
	p[field + 1] = c & 255;
	return p;
}

/** An ICMPv6 packet. */
function icmp6(
	src: string,
	dst: string,
	type: number,
	body: bytes,
	hlim = 255,
	code = 0,
): Uint8Array {
	return checksum(ip6(src, dst, ICMP6, cat([type, code, 0, 0], body), hlim), ICMP6, 42);
}

/** The same packet with extension headers; each starts with a byte for the next header. */
function with_headers(p: Uint8Array, ...headers: [number, bytes][]): Uint8Array {
	const parts = headers.map(([, h]) => Uint8Array.from(h));
	const types = headers.map(([type]) => type);
	parts.forEach((h, i) => (h[0] = types[i + 1] ?? p[6]));
	const payload = cat(...parts, p.subarray(40));
	const r = cat(p.subarray(0, 40), payload);
	r[4] = payload.length >> 8;
	r[5] = payload.length & 255;
	r[6] = types[0]!;
	return r;
}

const ROUTER_ALERT: bytes = [0, 0, 5, 2, 0, 0, 1, 0];

const last_mac = (n: number): number[] => [2, 0, 0, 0, 0, n];
/** Option of a link address: 1 source, 2 target. */
const lladdr = (option: number, n: number): number[] => [option, 1, ...last_mac(n)];

/** Options of an advertisement: a prefix. */
function prefix_info(
	prefix: string,
	valid: number,
	preferred: number,
	flags = 0xc0,
	len = 64,
): Uint8Array {
	return cat([3, 4, len, flags], be32(valid), be32(preferred), be32(0), a6(prefix));
}

/** An advertisement of the router fe80::99. */
function advertisement(lifetime: number, options: bytes, hop_limit = 64, flags = 0): Uint8Array {
	return icmp6(
		'fe80::99',
		'ff02::1',
		RA,
		cat([hop_limit, flags], be16(lifetime), be32(0), be32(0), options),
	);
}

const to_group = [0x33, 0x33, 0, 0, 0, 1];

/** Lets a device receive a packet. */
function inject(
	w: World,
	netns: string,
	device: string,
	p: Uint8Array,
	from = 0x99,
	to?: bytes,
): void {
	const dev = __dev_get_by_name(w.ns(netns), device)!;
	const skb = alloc_skb(w.m, p.length + 64);
	skb_reserve(skb, 16);
	const off = skb_put(skb, 14 + p.length);
	skb.head.set(cat(to ?? dev.dev_addr, last_mac(from), [0x86, 0xdd], p), off);
	skb.dev = dev;
	skb.protocol = eth_type_trans(skb, dev);
	netif_rx(skb);
	w.m.run_pending();
}

/** Whether a frame is an ICMPv6 message of a type, and of a code when one is given. */
const is = (type: number, code?: number) => (p: packet) =>
	p.ip === 6 &&
	p.proto === ICMP6 &&
	p.sport === type &&
	(code === undefined || p.dport === code);

/** A world with namespaces and one wire between two of them: `a` with device e, 02::1, `b` with e, 02::2. */
function pair(setup: readonly string[] = [], quiet = false): World {
	const w = new World();
	for (const n of ['a', 'b']) {
		w.must(`ip netns add ${n}`);
		w.must(`ip -n ${n} link set lo up`);
		if (quiet)
			w.must(
				`ip netns exec ${n} sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0`,
			);
	}
	w.must(
		'ip link add e index 7 netns a address 02:00:00:00:00:01 type veth peer name e netns b address 02:00:00:00:00:02',
	);
	for (const c of setup) w.must(c);
	return w;
}

function up(w: World): World {
	w.must('ip -n b link set e up');
	w.must('ip -n a link set e up');
	return w;
}

/** Two hosts, `left` fd00:1::99 and `right` fd00:2::99, and a router `r` fd00:1::1, fd00:2::1. */
function routed(seed = 1): World {
	const w = new World({ seed });
	for (const n of ['left', 'r', 'right']) {
		w.must(`ip netns add ${n}`);
		w.must(
			`ip netns exec ${n} sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0`,
		);
		w.must(`ip -n ${n} link set lo up`);
	}
	w.must(
		'ip link add v0 netns r address 02:00:00:00:01:01 type veth peer name e netns left address 02:00:00:00:01:99',
	);
	w.must(
		'ip link add v1 netns r address 02:00:00:00:02:01 type veth peer name e netns right address 02:00:00:00:02:99',
	);
	for (const c of [
		'ip -n left link set e up',
		'ip -n right link set e up',
		'ip -n r link set v0 up',
		'ip -n r link set v1 up',
		'ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1',
		'ip -n left addr add fd00:1::99/64 dev e nodad',
		'ip -n left route add default via fd00:1::1',
		'ip -n r addr add fd00:1::1/64 dev v0 nodad',
		'ip -n r addr add fd00:2::1/64 dev v1 nodad',
		'ip -n right addr add fd00:2::99/64 dev e nodad',
		'ip -n right route add default via fd00:2::1',
	])
		w.must(c);
	w.sleep(3);
	return w;
}

/** Ends a world: nothing may be left, nothing may have gone wrong. */
function done(t: Pick<TAP, 'same'>, w: World): void {
	t.same(w.m.records, [], 'no warnings');
	t.same(w.check_leaks(), [], 'no leaks');
}

/** Addresses of a device as `ip` shows them, one a line without life times. */
function addresses(w: World, netns: string, dev: string): string[] {
	return w
		.must(`ip -n ${netns} -6 addr show dev ${dev}`)
		.split('\n')
		.map((l) => l.trim())
		.filter((l) => l.startsWith('inet6'));
}

function routes(w: World, netns: string, what = ''): string[] {
	return w
		.must(`ip -n ${netns} -6 route show ${what}`)
		.split('\n')
		.map((l) => l.trim().replace(/expires \d+sec/, 'expires'))
		.filter((l) => l !== '');
}

const neighbours = (w: World, netns: string): string[] =>
	w
		.must(`ip -n ${netns} -6 neigh`)
		.split('\n')
		.map((l) => l.trim())
		.filter((l) => l !== '');

const neighbour = (w: World, netns: string, addr: string): string =>
	neighbours(w, netns).find((l) => l.startsWith(`${addr} `)) ?? '';

const seconds = (w: World, p: packet, since: number): number =>
	(p.time_ns - w.m.boot_realtime_ns - since) / 1e9;

const ping = (w: World, netns: string, args: string): result => w.sh(`ping -6 ${args}`, { netns });

void t.test('an address is tentative until nobody answers the solicitation', (t) => {
	const w = pair();
	const wire = new capture_point(w, 'a', 'e');
	up(w);
	t.same(addresses(w, 'a', 'e'), ['inet6 fe80::ff:fe00:1/64 scope link tentative']);
	const start = w.m.now_ns;
	w.sleep(3);
	t.same(addresses(w, 'a', 'e'), ['inet6 fe80::ff:fe00:1/64 scope link']);

	const mine = wire.packets().filter((p) => p.outgoing);
	const [probe, ...more] = mine.filter(is(NS));
	t.equal(more.length, 0, 'one probe');
	t.equal(`${probe.src} > ${probe.dst}`, ':: > ff02::1:ff00:1');
	t.equal(probe.ttl, 255);
	t.equal(probe.dst_mac, '33:33:ff:00:00:01');
	t.equal(
		hex(probe.data.subarray(62, 80)),
		hex(cat(a6('fe80::ff:fe00:1'), [14, 1])),
		'target, nonce',
	);
	t.ok(seconds(w, probe, start) < 1, 'within a second');

	const reports = mine.filter(is(REPORT2));
	t.equal(reports[0].src, '::', 'reports have no source while the address is tentative');
	t.equal(reports.at(-1)!.src, 'fe80::ff:fe00:1', 'and have one afterwards');
	t.ok(
		reports.every((p) => p.dst === 'ff02::16' && p.ttl === 1 && p.checksum_ok),
		'to all routers that listen, with hop limit 1',
	);

	const [solicit] = mine.filter(is(RS));
	t.equal(`${solicit.src} > ${solicit.dst}`, 'fe80::ff:fe00:1 > ff02::2');
	t.equal(
		hex(solicit.data.subarray(62)),
		hex(Uint8Array.from(lladdr(1, 1))),
		'with our link address',
	);
	t.ok(solicit.time_ns > probe.time_ns + 0.9e9, 'a second after the probe');

	w.sleep(30);
	const again = wire
		.packets()
		.filter(is(RS))
		.filter((p) => p.outgoing);
	const waits = again.slice(1).map((p, i) => (p.time_ns - again[i].time_ns) / 1e9);
	t.ok(waits.length >= 2 && waits[0] > 3.5 && waits[0] < 4.5, `first wait ${waits[0]}`);
	t.ok(waits[1] > 1.8 * waits[0] && waits[1] < 2.2 * waits[0], `second wait ${waits[1]}`);
	done(t, w);
	t.end();
});

void t.test('an address that another host has is not used', (t) => {
	const w = up(pair());
	w.sleep(2);
	w.must('ip -n b addr add fd00::5/64 dev e nodad');
	w.must('ip -n a addr add fd00::5/64 dev e');
	w.sleep(3);
	t.equal(addresses(w, 'a', 'e')[0], 'inet6 fd00::5/64 scope global dadfailed tentative');
	t.match(
		w.m.log.at(-1)!.text,
		/duplicate address .*0005 used by 02:00:00:00:00:02 detected/,
	);
	t.equal(ping(w, 'a', '-c 1 -W 1 -I fd00::5 fd00::7').rc === 0, false);

	w.must('ip -n a addr del fd00::5/64 dev e');
	w.must('ip -n a addr add fd00::5/64 dev e valid_lft 100 preferred_lft 50');
	w.sleep(3);
	t.notOk(
		addresses(w, 'a', 'e').some((l) => l.includes('fd00::5')),
		'one that is not permanent goes',
	);

	/* Both probe at the same time. */
	w.must('ip -n a addr add fd00::6/64 dev e');
	w.m.run_for(1e6);
	const sol = (nonce: bytes): Uint8Array =>
		icmp6('::', 'ff02::1:ff00:6', NS, cat(be32(0), a6('fd00::6'), nonce));
	inject(w, 'a', 'e', sol([14, 1, 1, 2, 3, 4, 5, 6]), 2, [0x33, 0x33, 0xff, 0, 0, 6]);
	w.sleep(2);
	t.equal(addresses(w, 'a', 'e')[0], 'inet6 fd00::6/64 scope global dadfailed tentative');

	/* A probe of ours that comes back is no conflict. */
	const wire = new capture_point(w, 'a', 'e');
	w.must('ip -n a addr add fd00::8/64 dev e');
	while (!wire.packets().some(is(NS))) w.sleep(0.05);
	const own = wire.packets().filter(is(NS))[0];
	inject(w, 'a', 'e', own.data.subarray(14), 2, [0x33, 0x33, 0xff, 0, 0, 8]);
	w.sleep(2);
	t.equal(addresses(w, 'a', 'e')[0], 'inet6 fd00::8/64 scope global');
	done(t, w);
	t.end();
});

void t.test('DAD by settings: off, nodad, IPv6 off after a conflict', (t) => {
	let w = up(pair([], true));
	w.must('ip -n a addr add fd00::1/64 dev e');
	w.must('ip -n a addr add fd00::2/64 dev e nodad');
	w.sleep(0.01);
	t.same(addresses(w, 'a', 'e'), [
		'inet6 fd00::2/64 scope global nodad',
		'inet6 fd00::1/64 scope global',
		'inet6 fe80::ff:fe00:1/64 scope link',
	]);
	done(t, w);

	w = pair(['ip netns exec a sysctl -qw net.ipv6.conf.e.accept_dad=2']);
	w.must('ip -n b link set e address 02:00:00:00:00:01');
	up(w);
	w.sleep(3);
	t.match(w.m.log.at(-1)!.text, /IPv6 being disabled/);
	t.equal(w.must('ip netns exec a sysctl -n net.ipv6.conf.e.disable_ipv6'), '1\n');
	t.same(addresses(w, 'a', 'e'), []);
	t.equal(w.sh('ip -n a addr add fd00::1/64 dev e').rc, 2);
	w.must('ip netns exec a sysctl -qw net.ipv6.conf.e.accept_dad=0');
	w.must('ip netns exec a sysctl -qw net.ipv6.conf.e.disable_ipv6=0');
	w.sleep(0.1);
	t.same(addresses(w, 'a', 'e'), ['inet6 fe80::ff:fe00:1/64 scope link']);
	done(t, w);
	t.end();
});

void t.test('link-local addresses by mode', (t) => {
	const mode = (m: string): World => pair([`ip netns exec a sysctl -qw ${m}`]);
	let w = up(mode('net.ipv6.conf.e.addr_gen_mode=1'));
	w.sleep(2);
	t.same(addresses(w, 'a', 'e'), [], 'none');
	t.ok(
		routes(w, 'a', 'table local').includes(
			'multicast ff00::/8 dev e table local proto kernel metric 256 pref medium',
		) ||
			routes(w, 'a', 'table local').some((l) =>
				l.startsWith('multicast ff00::/8 dev e'),
			),
	);
	w.must('ip netns exec a sysctl -qw net.ipv6.conf.e.addr_gen_mode=0');
	w.sleep(2);
	t.same(
		addresses(w, 'a', 'e'),
		['inet6 fe80::ff:fe00:1/64 scope link'],
		'from the MAC address',
	);
	t.equal(w.sh('ip netns exec a sysctl -qw net.ipv6.conf.e.addr_gen_mode=2').rc !== 0, true);
	t.equal(w.sh('ip netns exec a sysctl -qw net.ipv6.conf.e.addr_gen_mode=7').rc !== 0, true);
	done(t, w);

	/* The identifier of RFC 7217 depends on secret, prefix and MAC address alone. */
	const stable = (): string[] => {
		const w = up(mode('net.ipv6.conf.e.stable_secret=2001:db8::1234:5678'));
		w.sleep(2);
		const l = addresses(w, 'a', 'e');
		t.equal(
			w.must('ip netns exec a sysctl -n net.ipv6.conf.e.stable_secret'),
			'2001:0db8:0000:0000:0000:0000:1234:5678\n',
		);
		done(t, w);
		return l;
	};
	const first = stable();
	t.equal(first.length, 1);
	t.match(first[0], /^inet6 fe80::.*\/64 scope link stable-privacy$/);
	t.same(stable(), first);

	w = up(mode('net.ipv6.conf.e.addr_gen_mode=3'));
	w.sleep(2);
	t.match(addresses(w, 'a', 'e')[0], /^inet6 fe80::.*\/64 scope link stable-privacy$/);
	t.not(addresses(w, 'a', 'e')[0], first[0], 'a random secret');
	done(t, w);

	w = up(pair());
	w.must('ip netns exec a sysctl -qw net.ipv6.conf.all.addr_gen_mode=1');
	t.equal(w.must('ip netns exec a sysctl -n net.ipv6.conf.e.addr_gen_mode'), '1\n');
	t.equal(w.must('ip netns exec a sysctl -n net.ipv6.conf.default.addr_gen_mode'), '1\n');
	t.equal(
		w.sh('ip netns exec a sysctl -w net.ipv6.conf.all.stable_secret=::1').rc !== 0,
		true,
	);
	for (const bad of ['1:2:3', '::1::', 'g::', '1:2:3:4:5:6:7:8:9'])
		t.equal(
			w.sh(`ip netns exec a sysctl -w net.ipv6.conf.e.stable_secret=${bad}`)
				.rc !== 0,
			true,
			bad,
		);
	w.must('ip netns exec a sysctl -qw net.ipv6.conf.default.stable_secret=1:2:3:4:5:6:7:8');
	t.equal(w.must('ip netns exec a sysctl -n net.ipv6.conf.e.addr_gen_mode'), '2\n');
	done(t, w);
	t.end();
});

void t.test('addresses come and go by request', (t) => {
	const w = up(pair([], true));
	const ip = (c: string): number => w.sh(`ip -n a ${c}`).rc;
	t.equal(ip('addr add fd00::1/64 dev e'), 0);
	t.equal(ip('addr add fd00::1/64 dev e'), 2, 'there already');
	t.equal(ip('addr add ff02::5/64 dev e'), 2, 'a group is no address');
	t.equal(ip('addr add ::/64 dev e'), 2);
	t.equal(ip('addr add ::1/128 dev e'), 2, 'loopback elsewhere');
	t.not(ip('addr add fd00::2/64 dev e valid_lft 10 preferred_lft 20'), 0);
	t.equal(ip('addr del fd00::7/64 dev e'), 2, 'not there');
	t.equal(ip('addr del fd00::1/65 dev e'), 2, 'another length');

	t.equal(ip('addr add fd00:5::1 peer fd00:5::2/64 dev e'), 0);
	w.sleep(0.1);
	t.ok(addresses(w, 'a', 'e').includes('inet6 fd00:5::1 peer fd00:5::2/64 scope global'));
	t.ok(routes(w, 'a').some((l) => l.startsWith('fd00:5::2 dev e proto kernel metric 256')));
	t.equal(ip('addr change fd00:5::1 peer fd00:5::3/64 dev e'), 0);
	t.ok(addresses(w, 'a', 'e').includes('inet6 fd00:5::1 peer fd00:5::3/64 scope global'));
	t.equal(ip('addr del fd00:5::1/64 dev e'), 0);
	t.notOk(routes(w, 'a').some((l) => l.includes('fd00:5::3')));

	t.equal(ip('addr add fd00:6::1/64 dev e metric 77'), 0);
	w.sleep(0.1);
	t.ok(routes(w, 'a').some((l) => l.startsWith('fd00:6::/64 dev e proto kernel metric 77')));
	t.equal(ip('addr change fd00:6::1/64 dev e metric 78'), 0);
	t.ok(routes(w, 'a').some((l) => l.startsWith('fd00:6::/64 dev e proto kernel metric 78')));
	t.equal(ip('addr change fd00:6::1/64 dev e noprefixroute'), 0);
	t.notOk(routes(w, 'a').some((l) => l.startsWith('fd00:6::/64')));
	t.equal(ip('addr change fd00:6::1/64 dev e'), 0);
	t.ok(routes(w, 'a').some((l) => l.startsWith('fd00:6::/64')));

	t.equal(ip('addr add fd00:7::1/64 dev e noprefixroute'), 0);
	t.notOk(routes(w, 'a').some((l) => l.startsWith('fd00:7::/64')));

	/* the prefix stays while an address needs it */
	t.equal(ip('addr add fd00::3/64 dev e'), 0);
	w.sleep(0.1);
	t.equal(ip('addr del fd00::1/64 dev e'), 0);
	t.ok(routes(w, 'a').some((l) => l.startsWith('fd00::/64')));
	t.equal(ip('addr del fd00::3/64 dev e'), 0);
	t.notOk(routes(w, 'a').some((l) => l.startsWith('fd00::/64')));

	/* the preferred source of a route goes with its address */
	t.equal(ip('addr add fd00::9/64 dev e'), 0);
	w.sleep(0.1);
	t.equal(ip('route add fd09::/64 dev e src fd00::9'), 0);
	t.equal(ip('route add fd0a::/64 dev e src fd00::8'), 2, 'no such source');
	t.equal(ip('addr del fd00::9/64 dev e'), 0);
	t.equal(
		routes(w, 'a').find((l) => l.startsWith('fd09::/64')),
		'fd09::/64 dev e metric 1024 pref medium',
	);
	done(t, w);
	t.end();
});

void t.test('addresses that end', (t) => {
	const w = up(pair([], true));
	w.must('ip -n a addr add fd00::1/64 dev e valid_lft 30 preferred_lft 10');
	w.must('ip -n a addr add fd00:2::1/64 dev e preferred_lft 10');
	w.sleep(1);
	t.match(
		w.must('ip -n a -6 addr show dev e'),
		/fd00::1\/64 scope global dynamic \n\s+valid_lft 29sec preferred_lft 9sec/,
	);
	w.sleep(11);
	t.ok(addresses(w, 'a', 'e').includes('inet6 fd00::1/64 scope global deprecated dynamic'));
	t.ok(addresses(w, 'a', 'e').includes('inet6 fd00:2::1/64 scope global deprecated'));
	w.must('ip -n a addr change fd00:2::1/64 dev e');
	t.ok(addresses(w, 'a', 'e').includes('inet6 fd00:2::1/64 scope global'));
	w.sleep(22);
	t.notOk(addresses(w, 'a', 'e').some((l) => l.includes('fd00::1/64')));
	w.sleep(60);
	t.notOk(
		routes(w, 'a').some((l) => l.startsWith('fd00::/64')),
		'its prefix as well',
	);
	t.ok(routes(w, 'a').some((l) => l.startsWith('fd00:2::/64')));
	done(t, w);
	t.end();
});

void t.test('a device goes down and comes up', (t) => {
	const w = up(pair([], true));
	w.must('ip -n a addr add fd00::1/64 dev e');
	w.must('ip -n a addr add fd00:2::1/64 dev lo');
	w.sleep(0.1);
	w.must('ip -n a link set e down');
	t.same(addresses(w, 'a', 'e'), []);
	t.same(
		routes(w, 'a').filter((l) => l.includes('dev e')),
		[],
	);
	w.must('ip -n a link set e up');
	w.sleep(0.1);
	t.same(addresses(w, 'a', 'e'), ['inet6 fe80::ff:fe00:1/64 scope link']);

	w.must('ip netns exec a sysctl -qw net.ipv6.conf.e.keep_addr_on_down=1');
	w.must('ip -n a addr add fd00::1/64 dev e');
	w.sleep(0.1);
	w.must('ip -n a link set e down');
	t.same(addresses(w, 'a', 'e'), ['inet6 fd00::1/64 scope global tentative']);
	w.must('ip -n a link set e up');
	w.sleep(0.1);
	t.ok(addresses(w, 'a', 'e').includes('inet6 fd00::1/64 scope global'));
	t.ok(routes(w, 'a').some((l) => l.startsWith('fd00::/64 dev e')));

	/* the carrier */
	w.must('ip -n a route add fd01::/64 via fe80::2 dev e');
	w.must('ip -n b link set e down');
	w.sleep(2);
	t.ok(routes(w, 'a').some((l) => l.startsWith('fd01::/64') && l.includes('linkdown')));
	w.must('ip netns exec a sysctl -qw net.ipv6.conf.all.ignore_routes_with_linkdown=1');
	t.equal(
		w.must('ip netns exec a sysctl -n net.ipv6.conf.e.ignore_routes_with_linkdown'),
		'1\n',
	);
	t.equal(w.sh('ip -n a route get fd01::1').rc, 2, 'no route over a device without carrier');
	w.must('ip -n b link set e up');
	w.sleep(2);
	t.equal(w.sh('ip -n a route get fd01::1').rc, 0);

	/* IPv6 needs 1280 bytes */
	w.must('ip -n a link set e mtu 1200');
	t.same(addresses(w, 'a', 'e'), []);
	t.equal(w.sh('ip netns exec a sysctl -n net.ipv6.conf.e.mtu').rc !== 0, true);
	w.must('ip -n a link set e mtu 1400');
	w.sleep(0.1);
	t.same(addresses(w, 'a', 'e'), ['inet6 fe80::ff:fe00:1/64 scope link']);
	t.equal(w.must('ip netns exec a sysctl -n net.ipv6.conf.e.mtu'), '1400\n');
	w.must('ip netns exec a sysctl -qw net.ipv6.conf.e.mtu=1300');
	t.equal(w.sh('ip netns exec a sysctl -qw net.ipv6.conf.e.mtu=1401').rc !== 0, true);
	t.equal(w.sh('ip netns exec a sysctl -qw net.ipv6.conf.e.mtu=1279').rc !== 0, true);

	w.must('ip -n a link set e down');
	w.must('ip -n a link set e name f');
	t.equal(w.must('ip netns exec a sysctl -n net.ipv6.conf.f.mtu'), '1300\n');
	t.equal(w.sh('ip netns exec a sysctl -n net.ipv6.conf.e.mtu').rc !== 0, true);

	w.must('ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=1');
	t.same(addresses(w, 'a', 'lo'), []);
	w.must('ip netns exec a sysctl -qw net.ipv6.conf.all.disable_ipv6=0');
	t.same(addresses(w, 'a', 'lo'), ['inet6 ::1/128 scope host']);
	w.must('ip netns exec a sysctl -qw net.ipv6.conf.default.disable_ipv6=1');
	t.same(addresses(w, 'a', 'lo'), ['inet6 ::1/128 scope host']);
	done(t, w);
	t.end();
});

void t.test('neighbours are found, kept and given up', (t) => {
	const w = up(pair([], true));
	w.must('ip -n a addr add fd00::1/64 dev e nodad');
	w.must('ip -n b addr add fd00::2/64 dev e nodad');
	w.sleep(1);
	const wire = new capture_point(w, 'a', 'e');
	t.equal(ping(w, 'a', '-c 2 fd00::2').rc, 0);
	const [ns, na, request] = wire.packets();
	t.ok(is(NS)(ns) && is(NA)(na) && is(ECHO)(request), 'solicitation, answer, packet');
	t.equal(
		`${ns.src} > ${ns.dst}, ${ns.dst_mac}`,
		'fd00::1 > ff02::1:ff00:2, 33:33:ff:00:00:02',
	);
	t.equal(hex(ns.data.subarray(62)), hex(cat(a6('fd00::2'), lladdr(1, 1))));
	t.equal(`${na.src} > ${na.dst}`, 'fd00::2 > fd00::1');
	t.equal(hex(na.data.subarray(58)), hex(cat([0x60, 0, 0, 0], a6('fd00::2'), lladdr(2, 2))));
	t.equal(wire.packets().filter(is(NS)).length, 1, 'one solicitation for all');
	t.same(neighbours(w, 'a'), ['fd00::2 dev e lladdr 02:00:00:00:00:02 REACHABLE']);

	w.sleep(60);
	t.match(neighbour(w, 'a', 'fd00::2'), /STALE$/);
	t.equal(ping(w, 'a', '-c 1 fd00::2').rc, 0);
	t.match(neighbour(w, 'a', 'fd00::2'), /DELAY$/);
	w.sleep(7);
	t.match(neighbour(w, 'a', 'fd00::2'), /REACHABLE$/);
	t.equal(
		wire
			.packets()
			.filter((p) => p.outgoing && is(NS)(p))
			.at(-1)!.dst,
		'fd00::2',
		'a probe goes to the neighbour itself',
	);

	/* nobody there */
	const r = ping(w, 'a', '-c 1 -W 5 fd00::3');
	t.match(r.out, /From fd00::1 icmp_seq=1 Destination unreachable: Address unreachable/);
	t.ok(neighbours(w, 'a').includes('fd00::3 dev e FAILED'));
	t.equal(
		wire.packets().filter((p) => is(NS)(p) && p.dst === 'ff02::1:ff00:3').length,
		3,
		'three tries',
	);

	/* an unsolicited announcement: overrides, or not */
	const announce = (flags: number, target: string, mac: number): void => {
		inject(
			w,
			'a',
			'e',
			icmp6(
				target,
				'ff02::1',
				NA,
				cat([flags, 0, 0, 0], a6(target), lladdr(2, mac)),
			),
			mac,
			to_group,
		);
	};
	announce(0x20, 'fd00::2', 7);
	t.same(neighbour(w, 'a', 'fd00::2'), 'fd00::2 dev e lladdr 02:00:00:00:00:07 STALE');
	announce(0, 'fd00::2', 8);
	t.match(neighbour(w, 'a', 'fd00::2'), /00:07 STALE/, 'without override the address stays');
	announce(0xa0, 'fd00::2', 9);
	t.match(neighbour(w, 'a', 'fd00::2'), /00:09 router STALE/);
	announce(0x20, 'fd00::77', 7);
	t.notOk(
		neighbours(w, 'a').some((l) => l.includes('fd00::77')),
		'a stranger is not entered',
	);

	/* what must be dropped */
	const before = neighbours(w, 'a');
	const target = a6('fd00::2');
	for (const [what, p] of [
		[
			'a hop limit below 255',
			icmp6(
				'fd00::2',
				'ff02::1',
				NA,
				cat([0x20, 0, 0, 0], target, lladdr(2, 5)),
				254,
			),
		],
		[
			'a code',
			icmp6(
				'fd00::2',
				'ff02::1',
				NA,
				cat([0x20, 0, 0, 0], target, lladdr(2, 5)),
				255,
				1,
			),
		],
		[
			'solicited to a group',
			icmp6('fd00::2', 'ff02::1', NA, cat([0x60, 0, 0, 0], target, lladdr(2, 5))),
		],
		[
			'a group as target',
			icmp6(
				'fd00::2',
				'ff02::1',
				NA,
				cat([0x20, 0, 0, 0], a6('ff02::2'), lladdr(2, 5)),
			),
		],
		[
			'an option of length 0',
			icmp6(
				'fd00::2',
				'ff02::1',
				NA,
				cat([0x20, 0, 0, 0], target, [2, 0, 0, 0, 0, 0, 0, 0]),
			),
		],
		['too short', icmp6('fd00::2', 'ff02::1', NA, [0x20, 0, 0, 0])],
		[
			'a wrong checksum',
			ip6(
				'fd00::2',
				'ff02::1',
				ICMP6,
				cat([NA, 0, 1, 2, 0x20, 0, 0, 0], target, lladdr(2, 5)),
				255,
			),
		],
		[
			'a solicitation for a group',
			icmp6('fd00::2', 'fd00::1', NS, cat(be32(0), a6('ff02::2'), lladdr(1, 5))),
		],
		['detection to a host', icmp6('::', 'fd00::1', NS, cat(be32(0), a6('fd00::1')))],
		[
			'detection with a link address',
			icmp6(
				'::',
				'ff02::1:ff00:1',
				NS,
				cat(be32(0), a6('fd00::1'), lladdr(1, 5)),
			),
		],
	] as const) {
		const n = wire.frames.length;
		inject(w, 'a', 'e', p, 5, to_group);
		w.sleep(0.001);
		t.same(neighbours(w, 'a'), before, what);
		t.equal(
			wire
				.packets()
				.slice(n)
				.filter((f) => f.outgoing).length,
			0,
			`${what}: no answer`,
		);
	}

	/* detection of our address by another: told at once */
	inject(
		w,
		'a',
		'e',
		icmp6('::', 'ff02::1:ff00:1', NS, cat(be32(0), a6('fd00::1'))),
		5,
		[0x33, 0x33, 0xff, 0, 0, 1],
	);
	const told = wire.packets().at(-1)!;
	t.equal(`${told.src} > ${told.dst}`, 'fd00::1 > ff02::1');
	t.equal(told.data[58], 0x20, 'override');

	w.must('ip -n a neigh replace fd00::2 lladdr 02:00:00:00:00:02 dev e nud permanent');
	announce(0x20, 'fd00::2', 3);
	t.match(neighbour(w, 'a', 'fd00::2'), /00:02 .*PERMANENT/);
	w.must('ip -n a neigh del fd00::2 dev e');
	done(t, w);
	t.end();
});

void t.test('a new address is announced when that is wanted', (t) => {
	const w = up(pair(['ip netns exec a sysctl -qw net.ipv6.conf.e.ndisc_notify=1']));
	const wire = new capture_point(w, 'a', 'e');
	w.sleep(3);
	const [na] = wire.packets().filter(is(NA));
	t.equal(`${na.src} > ${na.dst}`, 'fe80::ff:fe00:1 > ff02::1');
	t.equal(na.data[58], 0x20);
	const n = wire.frames.length;
	w.must('ip -n a link set e address 02:00:00:00:00:11');
	t.ok(
		wire
			.packets()
			.slice(n)
			.some((p) => is(NA)(p) && p.src_mac === '02:00:00:00:00:11'),
	);
	done(t, w);
	t.end();
});

void t.test('a router forwards', (t) => {
	const w = routed();
	const l = new capture_point(w, 'r', 'v0');
	const r = new capture_point(w, 'r', 'v1');
	const p = ping(w, 'left', '-c 1 -Q 0x20 fd00:2::99');
	t.match(p.out, /64 bytes from fd00:2::99: icmp_seq=1 ttl=63/);
	const [there, back] = [...l.packets().filter(is(ECHO)), ...l.packets().filter(is(REPLY))];
	const onward = r.packets().find(is(ECHO))!;
	t.equal(there.ttl, 64);
	t.equal(onward.ttl, 63);
	t.equal(onward.tos, 0x20);
	t.equal(
		hex(onward.data.subarray(14).fill(64, 7, 8)),
		hex(there.data.subarray(14)),
		'nothing else changes',
	);
	t.equal(back.ttl, 63);
	t.equal(back.tos, 0x20, 'the answer has the class of the request');
	t.not(hex(there.data.subarray(15, 18)), '200000', 'a flow label');

	t.match(
		ping(w, 'left', '-c 1 -t 1 fd00:2::99').out,
		/From fd00:1::1 icmp_seq=1 Time exceeded: Hop limit/,
	);
	t.match(
		ping(w, 'left', '-c 1 fd00:3::99').out,
		/From fd00:1::1 icmp_seq=1 Destination unreachable: No route/,
	);
	const quoted = l.packets().filter(is(UNREACH)).at(-1)!;
	t.equal(
		hex(quoted.data.subarray(62 + 8, 62 + 40)),
		hex(cat(a6('fd00:1::99'), a6('fd00:3::99'))),
		'the packet is quoted',
	);
	t.match(
		ping(w, 'left', '-c 1 -W 5 fd00:2::77').out,
		/From fd00:1::1 icmp_seq=1 Destination unreachable: Address unreachable/,
	);
	for (const [type, text] of [
		['unreachable', 'No route'],
		['prohibit', 'Administratively prohibited'],
	]) {
		w.must(`ip -n r route add ${type} fd00:4::/64`);
		w.sleep(1.1);
		t.match(
			ping(w, 'left', '-c 1 fd00:4::1').out,
			new RegExp(`Destination unreachable: ${text}`),
		);
		w.must(`ip -n r route del ${type} fd00:4::/64`);
	}
	w.must('ip -n r route add blackhole fd00:4::/64');
	t.match(
		ping(w, 'left', '-c 1 -W 1 fd00:4::1').out,
		/\n1 packets transmitted, 0 received, 100% packet loss/,
	);

	/* link-local addresses stay on their link */
	const n = r.frames.length;
	inject(w, 'r', 'v0', icmp6('fe80::ff:fe00:199', 'fd00:2::99', ECHO, be32(1), 64), 0x99);
	t.equal(r.packets().slice(n).filter(is(ECHO)).length, 0);
	const beyond = l.packets().filter(is(UNREACH, 2)).at(-1);
	t.equal(beyond?.dst, 'fe80::ff:fe00:199', 'beyond the scope of the source');

	/* not to another host's MAC address */
	inject(
		w,
		'r',
		'v0',
		icmp6('fd00:1::99', 'fd00:2::99', ECHO, be32(1), 64),
		0x99,
		last_mac(0x77),
	);
	/* nor what came as a group of the link */
	inject(w, 'r', 'v0', icmp6('fd00:1::99', 'fd00:2::99', ECHO, be32(1), 64), 0x99, to_group);
	t.equal(r.packets().slice(n).filter(is(ECHO)).length, 0);

	/* the anycast address of the subnet */
	t.match(ping(w, 'left', '-c 1 fd00:1::').out, /64 bytes from fd00:1::1: icmp_seq=1/);
	t.ok(routes(w, 'r', 'table local').some((x) => x.startsWith('anycast fd00:1:: dev v0')));

	/* a host does not forward */
	w.must('ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=0');
	t.notOk(routes(w, 'r', 'table local').some((x) => x.startsWith('anycast')));
	t.equal(ping(w, 'left', '-c 1 -W 1 fd00:2::99').rc, 1);
	done(t, w);
	t.end();
});

void t.test('errors are not sent for everything, nor too often', (t) => {
	const w = routed();
	const l = new capture_point(w, 'r', 'v0');
	const sent = (): number =>
		l.packets().filter((p) => p.outgoing && p.proto === ICMP6 && p.sport < 128).length;
	const nowhere = (src: string, dst: string): void => {
		inject(w, 'r', 'v0', icmp6(src, dst, ECHO, be32(1), 64), 0x99);
		w.sleep(0.01);
	};
	nowhere('fd00:1::99', 'fd00:9::1');
	t.equal(sent(), 1);
	inject(
		w,
		'r',
		'v0',
		icmp6('fd00:1::99', 'fd00:9::1', UNREACH, cat(be32(0), new Uint8Array(48)), 64),
		0x99,
	);
	t.equal(sent(), 1, 'not for an error');
	inject(w, 'r', 'v0', icmp6('::', 'fd00:9::1', ECHO, be32(1), 64), 0x99);
	t.equal(sent(), 1, 'not to nobody');
	inject(w, 'r', 'v0', ip6('ff02::5', 'fd00:9::1', UDP, be32(1)), 0x99);
	t.equal(sent(), 1, 'not to a group');

	w.must('ip netns exec r sysctl -qw net.ipv6.icmp.ratelimit=1000');
	w.sleep(20);
	const n = sent();
	for (let i = 0; i < 50; i++) nowhere('fd00:1::99', 'fd00:9::1');
	t.ok(sent() - n < 30, `limited: ${sent() - n} of 50`);
	w.must('ip netns exec r sysctl -qw net.ipv6.icmp.ratelimit=0');
	const m = sent();
	for (let i = 0; i < 50; i++) nowhere('fd00:1::99', 'fd00:9::1');
	t.equal(sent() - m, 50, 'no limit');

	/* echo requests that are ignored */
	t.equal(ping(w, 'left', '-c 1 fd00:1::1').rc, 0);
	w.must('ip netns exec r sysctl -qw net.ipv6.icmp.echo_ignore_all=1');
	t.equal(ping(w, 'left', '-c 1 -W 1 fd00:1::1').rc, 1);
	w.must(
		'ip netns exec r sysctl -qw net.ipv6.icmp.echo_ignore_all=0 net.ipv6.icmp.echo_ignore_multicast=1',
	);
	t.notMatch(ping(w, 'left', '-c 1 -W 1 ff02::2%e').out, /fe80::ff:fe00:101/);
	w.must('ip netns exec r sysctl -qw net.ipv6.icmp.echo_ignore_multicast=0');
	t.match(ping(w, 'left', '-c 1 -W 1 ff02::2%e').out, /fe80::ff:fe00:101/);
	w.must('ip netns exec r sysctl -qw net.ipv6.icmp.echo_ignore_anycast=1');
	t.equal(ping(w, 'left', '-c 1 -W 1 fd00:1::').rc, 1);
	t.equal(w.must('ip netns exec r sysctl -n net.ipv6.icmp.ratemask'), '0-1,3-127\n');
	done(t, w);
	t.end();
});

void t.test('a path that takes less than the first link', (t) => {
	const w = routed();
	w.must('ip -n r link set v1 mtu 1300');
	w.must('ip -n right link set e mtu 1300');
	const l = new capture_point(w, 'r', 'v0');
	const first = ping(w, 'left', '-c 1 -s 1400 -M do -W 1 fd00:2::99');
	t.match(first.out, /From fd00:1::1 icmp_seq=1 Packet too big: mtu=1300/);
	const big = l.packets().find(is(TOO_BIG))!;
	t.equal(big.ip_len, 1280, 'the error has the least size that passes everywhere');
	t.equal(hex(big.data.subarray(58, 62)), hex(Uint8Array.from(be32(1300))));
	t.match(w.must('ip -n left -6 route get fd00:2::99'), /expires 59\dsec mtu 1300/);
	t.match(
		routes(w, 'left', 'cache')[0],
		/^fd00:2::99 via fd00:1::1 dev e metric 1024 expires mtu 1300/,
	);
	t.match(
		ping(w, 'left', '-c 1 -s 1400 -M do -W 1 fd00:2::99').err,
		/message too long, mtu=1300/,
	);
	const n = l.frames.length;
	t.equal(ping(w, 'left', '-c 1 -s 1400 -W 1 fd00:2::99').rc, 0, 'fragments pass');
	t.same(
		l
			.packets()
			.slice(n)
			.filter(
				(p) =>
					!p.outgoing &&
					p.proto === ICMP6 &&
					(p.mf || p.frag_offset > 0),
			)
			.map((p) => p.ip_len),
		[1296, 208],
	);

	/* TCP keeps to it from the start */
	w.write_file('/data', 'x'.repeat(50000));
	const srv = w.spawn('nc -6 -l -p 5000', { netns: 'right' });
	w.sleep(0.2);
	const at = l.frames.length;
	t.equal(
		w.sh('nc -6 -N fd00:2::99 5000', { netns: 'left', stdin: 'x'.repeat(50000) }).rc,
		0,
	);
	t.equal(w.wait(srv).out.length, 50000);
	t.ok(
		l
			.packets()
			.slice(at)
			.every((p) => p.ip_len <= 1300 || p.len > 1514),
		'no packet is larger',
	);

	/* too small to be true, or of no packet of ours */
	const lie = (mtu: number, quoted: Uint8Array): void => {
		inject(
			w,
			'left',
			'e',
			icmp6('fd00:1::1', 'fd00:1::99', TOO_BIG, cat(be32(mtu), quoted)),
			1,
		);
	};
	const other = icmp6('fd00:1::99', 'fd00:7::1', ECHO, be32(1));
	lie(1000, other);
	t.notMatch(w.must('ip -n left -6 route get fd00:7::1'), /mtu/);
	lie(1290, other);
	t.match(w.must('ip -n left -6 route get fd00:7::1'), /mtu 1290/);
	lie(1400, icmp6('fd00:1::98', 'fd00:8::1', UDP, be32(1)));
	lie(1400, new Uint8Array(20));

	w.sleep(610);
	t.notMatch(
		w.must('ip -n left -6 route get fd00:2::99'),
		/mtu/,
		'forgotten after ten minutes',
	);
	t.same(routes(w, 'left', 'cache'), []);
	done(t, w);
	t.end();
});

void t.test('fragments', (t) => {
	const w = routed();
	for (const size of [1452, 1453, 1500, 2896, 2897, 9000, 65000])
		t.equal(ping(w, 'left', `-c 1 -s ${size} fd00:2::99`).rc, 0, `${size} bytes`);

	const wire = new capture_point(w, 'right', 'e');
	const answered = (): number =>
		wire.packets().filter((p) => p.outgoing && is(REPLY)(p)).length;
	const whole = icmp6(
		'fd00:2::5',
		'fd00:2::99',
		ECHO,
		cat(be32(0x10001), new Uint8Array(3000).fill(7)),
		64,
	);
	const body = whole.subarray(40);
	w.must('ip -n right neigh replace fd00:2::5 lladdr 02:00:00:00:00:05 dev e nud permanent');
	const piece = (id: number, from: number, to: number, more = to < body.length): Uint8Array =>
		ip6(
			'fd00:2::5',
			'fd00:2::99',
			FRAGMENT,
			cat(
				[ICMP6, 0],
				be16(from | (more ? 1 : 0)),
				be32(id),
				body.subarray(from, to),
			),
		);
	const take = (p: Uint8Array): void => {
		inject(w, 'right', 'e', p, 5);
	};
	const cuts = [0, 800, 1600, 2400, body.length];
	const pieces = (id: number): Uint8Array[] =>
		cuts.slice(1).map((end, i) => piece(id, cuts[i], end));

	pieces(1).forEach(take);
	t.equal(answered(), 1, 'in order');
	pieces(2).reverse().forEach(take);
	t.equal(answered(), 2, 'from behind');
	const [p0, p1, p2, p3] = pieces(3);
	[p2, p0, p0, p3, p1].forEach(take);
	t.equal(answered(), 3, 'a piece twice');
	[piece(4, 0, 808), ...pieces(4)].forEach(take);
	t.equal(answered(), 3, 'overlapping pieces are dropped together');
	pieces(5).slice(1).forEach(take);
	pieces(6).slice(0, 3).forEach(take);
	const n = wire.frames.length;
	w.sleep(61);
	const late = wire.packets().slice(n).filter(is(EXCEEDED));
	t.same(
		late.map((p) => `${p.dport} ${p.dst}`),
		['1 fd00:2::5'],
		'told when the first piece was there',
	);
	take(piece(7, 0, 803, true));
	t.ok(wire.packets().some(is(PARAM, 0)), 'a length that is no multiple of eight');
	take(
		ip6(
			'fd00:2::5',
			'fd00:2::99',
			FRAGMENT,
			cat([ICMP6, 0], be16(0xfff8), be32(8), new Uint8Array(100)),
		),
	);
	t.equal(wire.packets().filter(is(PARAM, 0)).length, 2, 'more than a packet can hold');
	take(ip6('fd00:2::5', 'fd00:2::99', FRAGMENT, cat([ICMP6, 0, 0, 0], be32(9), body)));
	t.equal(answered(), 4, 'a fragment that is all');
	take(ip6('fd00:2::5', 'fd00:2::99', FRAGMENT, [ICMP6, 0, 0]));
	done(t, w);
	t.end();
});

void t.test('a host takes what routers advertise', (t) => {
	const w = up(pair());
	w.sleep(2);
	const ra = (p: Uint8Array): void => {
		inject(w, 'a', 'e', p, 0x99, to_group);
	};
	const one = 'inet6 2001:db8:1::ff:fe00:1/64 scope global dynamic mngtmpaddr';
	const router =
		'default via fe80::99 dev e proto ra metric 1024 expires hoplimit 64 pref medium';
	ra(
		advertisement(
			1800,
			cat(
				lladdr(1, 0x99),
				[5, 1, 0, 0],
				be32(1400),
				prefix_info('2001:db8:1::', 3600, 1800),
			),
		),
	);
	w.sleep(3);
	t.same(addresses(w, 'a', 'e'), [one, 'inet6 fe80::ff:fe00:1/64 scope link']);
	t.same(routes(w, 'a'), [
		'2001:db8:1::/64 dev e proto kernel metric 256 expires pref medium',
		'fe80::/64 dev e proto kernel metric 256 pref medium',
		router.replace('hoplimit', 'mtu 1400 hoplimit'),
	]);
	t.same(
		neighbour(w, 'a', 'fe80::99'),
		'fe80::99 dev e lladdr 02:00:00:00:00:99 router STALE',
	);
	t.equal(w.must('ip netns exec a sysctl -n net.ipv6.conf.e.mtu'), '1400\n');
	const wire = new capture_point(w, 'a', 'e');
	w.sleep(10);
	t.equal(
		wire.packets().filter((p) => p.outgoing && is(RS)(p)).length,
		0,
		'no solicitation any more',
	);

	ra(advertisement(0, prefix_info('2001:db8:1::', 3600, 0), 33));
	t.same(
		routes(w, 'a').filter((l) => l.startsWith('default')),
		[],
		'a router no more',
	);
	t.equal(w.must('ip netns exec a sysctl -n net.ipv6.conf.e.hop_limit'), '33\n');
	w.sleep(1);
	t.equal(addresses(w, 'a', 'e')[0], one.replace('global', 'global deprecated'));
	ra(advertisement(1800, prefix_info('2001:db8:1::', 3600, 1800), 0, 0x08));
	t.equal(addresses(w, 'a', 'e')[0], one);
	t.match(routes(w, 'a').at(-1), /hoplimit|pref high/);
	t.match(routes(w, 'a').at(-1), /pref high$/);
	ra(
		advertisement(
			1800,
			cat(
				prefix_info('2001:db8:1::', 0, 0),
				prefix_info('fe80::', 100, 100),
				prefix_info('ff05::', 100, 100),
				prefix_info('2001:db8:5::', 100, 200),
				prefix_info('2001:db8:6::', 100, 100, 0xc0, 63),
				prefix_info('2001:db8:7::', 100, 100, 0x40),
				prefix_info('2001:db8:8::', 0xffffffff, 0xffffffff, 0x80),
			),
		),
	);
	w.sleep(3);
	t.same(
		addresses(w, 'a', 'e').filter((l) => l.includes('global')),
		['inet6 2001:db8:7::ff:fe00:1/64 scope global dynamic mngtmpaddr'],
		'only with 64 bits, only with the flag, only when preferred no longer than valid',
	);
	t.same(
		routes(w, 'a').filter((l) => l.startsWith('2001')),
		[
			'2001:db8:6::/63 dev e proto kernel metric 256 expires pref medium',
			'2001:db8:8::/64 dev e proto kernel metric 256 pref medium',
		],
	);

	/* route information, times of the link */
	w.must('ip netns exec a sysctl -qw net.ipv6.conf.e.accept_ra_rt_info_max_plen=64');
	ra(
		icmp6(
			'fe80::99',
			'ff02::1',
			RA,
			cat(
				[64, 0x18],
				be16(1800),
				be32(20000),
				be32(2000),
				[24, 2, 48, 0x08],
				be32(600),
				a6('2001:db8:77::').subarray(0, 8),
				[24, 3, 65, 0],
				be32(600),
				a6('2001:db8:78::'),
			),
		),
	);
	t.same(
		routes(w, 'a').filter((l) => l.startsWith('2001:db8:77')),
		['2001:db8:77::/48 via fe80::99 dev e proto ra metric 1024 expires pref high'],
	);
	t.notOk(routes(w, 'a').some((l) => l.includes('db8:78')));
	t.equal(w.must('ip netns exec a sysctl -n net.ipv6.neigh.e.retrans_time_ms'), '2000\n');
	t.equal(
		w.must('ip netns exec a sysctl -n net.ipv6.neigh.e.base_reachable_time_ms'),
		'20000\n',
	);
	ra(
		advertisement(
			1800,
			cat([24, 2, 48, 0x08], be32(0), a6('2001:db8:77::').subarray(0, 8)),
		),
	);
	t.notOk(routes(w, 'a').some((l) => l.includes('db8:77')));

	/* what must be dropped */
	const before = routes(w, 'a');
	const drop = (what: string, p: Uint8Array): void => {
		ra(p);
		w.sleep(0.01);
		t.same(routes(w, 'a'), before, what);
	};
	const body = cat([64, 0], be16(1800), be32(0), be32(0));
	drop('from a global address', icmp6('2001:db8::1', 'ff02::1', RA, body));
	drop('by a router', icmp6('fe80::98', 'ff02::1', RA, body, 254));
	drop('too short', icmp6('fe80::98', 'ff02::1', RA, be32(5)));
	drop(
		'an option of length 0',
		icmp6('fe80::98', 'ff02::1', RA, cat(body, [1, 0, 0, 0, 0, 0, 0, 0])),
	);
	drop(
		'an option that is cut',
		icmp6('fe80::98', 'ff02::1', RA, cat(body, [3, 4, 0, 0, 0, 0, 0, 0])),
	);
	drop('from ourselves', icmp6('fe80::ff:fe00:1', 'ff02::1', RA, body));
	w.must('ip netns exec a sysctl -qw net.ipv6.conf.e.accept_ra=0');
	drop('when not wanted', icmp6('fe80::98', 'ff02::1', RA, body));

	w.must(
		'ip netns exec a sysctl -qw net.ipv6.conf.e.accept_ra=1 net.ipv6.conf.e.forwarding=1',
	);
	const routers = (): string[] => routes(w, 'a').filter((l) => l.startsWith('default'));
	t.same(routers(), [], 'who becomes a router forgets routers');
	ra(icmp6('fe80::98', 'ff02::1', RA, body));
	t.same(routers(), [], 'and takes no new one');
	w.must(
		'ip netns exec a sysctl -qw net.ipv6.conf.e.forwarding=0 net.ipv6.conf.all.forwarding=1',
	);
	w.must(
		'ip netns exec a sysctl -qw net.ipv6.conf.all.accept_ra=2 net.ipv6.conf.e.accept_ra=2',
	);
	ra(icmp6('fe80::98', 'ff02::1', RA, body));
	t.match(routers()[0], /^default via fe80::98/, 'unless that is wanted');
	w.must(
		'ip netns exec a sysctl -qw net.ipv6.conf.e.accept_ra_defrtr=0 net.ipv6.conf.e.accept_ra_pinfo=0 net.ipv6.conf.e.accept_ra_mtu=0',
	);
	const n = routes(w, 'a').length;
	ra(icmp6('fe80::97', 'ff02::1', RA, cat(body, prefix_info('2001:db8:9::', 100, 100))));
	t.equal(routes(w, 'a').length, n);
	done(t, w);
	t.end();
});

void t.test('advertised life times', (t) => {
	const w = up(pair());
	w.sleep(2);
	inject(
		w,
		'a',
		'e',
		advertisement(100, cat(lladdr(1, 0x99), prefix_info('2001:db8:1::', 300, 200))),
		0x99,
		to_group,
	);
	inject(
		w,
		'a',
		'e',
		icmp6('fe80::98', 'ff02::1', RA, cat([64, 0x18], be16(1000), be32(0), be32(0))),
		0x98,
		to_group,
	);
	w.sleep(3);
	t.equal(routes(w, 'a').filter((l) => l.startsWith('default')).length, 2);
	w.sleep(130);
	t.match(
		routes(w, 'a').find((l) => l.startsWith('default')),
		/via fe80::98.*pref low/,
	);
	w.sleep(80);
	t.match(addresses(w, 'a', 'e')[0], /deprecated/);
	w.sleep(150);
	t.same(addresses(w, 'a', 'e'), ['inet6 fe80::ff:fe00:1/64 scope link']);
	t.notOk(routes(w, 'a').some((l) => l.startsWith('2001')));
	done(t, w);

	/* a token in place of the identifier */
	const v = up(pair());
	v.sleep(2);
	const r = v.sh('ip -n a token set ::77 dev e');
	if (r.rc === 0) {
		inject(
			v,
			'a',
			'e',
			advertisement(100, prefix_info('2001:db8:1::', 300, 200)),
			0x99,
			to_group,
		);
		v.sleep(3);
		t.match(addresses(v, 'a', 'e')[0], /2001:db8:1::77/);
	}
	done(t, v);
	t.end();
});

void t.test('of two routers, the better', (t) => {
	const w = up(pair());
	w.sleep(2);
	const ra = (n: number, flags: number): void => {
		inject(
			w,
			'a',
			'e',
			icmp6(
				`fe80::${n}`,
				'ff02::1',
				RA,
				cat([64, flags], be16(1000), be32(0), be32(0), lladdr(1, n)),
			),
			n,
			to_group,
		);
	};
	const chosen = (): string =>
		/via (\S+)/.exec(w.must('ip -n a -6 route get 2001:db8::1'))![1];
	ra(5, 0);
	ra(6, 0x08);
	t.equal(chosen(), 'fe80::6', 'a high preference');
	ra(6, 0x18);
	w.sleep(1);
	t.equal(chosen(), 'fe80::5', 'a low one');
	/* 5 does not answer */
	w.must('ip -n a addr add 2001:db8:a::1/64 dev e nodad');
	ra(6, 0);
	ping(w, 'a', '-c 3 -W 3 2001:db8::1');
	w.sleep(12);
	const wire = new capture_point(w, 'a', 'e');
	ping(w, 'a', '-c 8 -W 1 2001:db8::1');
	t.ok(wire.packets().some(is(NS)), 'routers are probed');
	done(t, w);
	t.end();
});

void t.test('a redirect', (t) => {
	const w = up(pair([], true));
	w.must('ip -n a addr add 2001:db8::1/64 dev e nodad');
	w.must('ip -n a route add default via fe80::99 dev e');
	w.must(
		'ip -n a neigh add fe80::99 lladdr 02:00:00:00:00:99 dev e nud permanent router'.replace(
			' router',
			'',
		),
	);
	const redirect = (from: string, target: string, dest: string, options: bytes): Uint8Array =>
		icmp6(from, '2001:db8::1', REDIRECT, cat(be32(0), a6(target), a6(dest), options));
	const go = (dest: string): string => w.must(`ip -n a -6 route get ${dest}`);
	const quoted = (dest: string): Uint8Array => {
		const p = icmp6('2001:db8::1', dest, ECHO, be32(1));
		return cat(
			[4, 1 + Math.ceil(p.length / 8)],
			new Uint8Array(6),
			p,
			new Uint8Array((8 - (p.length % 8)) % 8),
		);
	};
	w.sleep(1);
	inject(
		w,
		'a',
		'e',
		redirect(
			'fe80::99',
			'fe80::50',
			'2001:db8:5::5',
			cat(lladdr(2, 0x50), quoted('2001:db8:5::5')),
		),
	);
	t.match(go('2001:db8:5::5'), /via fe80::50 dev e/);
	t.match(neighbour(w, 'a', 'fe80::50'), /lladdr 02:00:00:00:00:50/);
	t.match(routes(w, 'a', 'cache')[0], /^2001:db8:5::5 via fe80::50/);

	/* the destination is on the link */
	inject(
		w,
		'a',
		'e',
		redirect(
			'fe80::99',
			'2001:db8:6::6',
			'2001:db8:6::6',
			cat(lladdr(2, 0x60), quoted('2001:db8:6::6')),
		),
	);
	t.match(go('2001:db8:6::6'), /^2001:db8:6::6 dev e|^2001:db8:6::6 via 2001:db8:6::6/);

	const refused = (what: string, p: Uint8Array): void => {
		inject(w, 'a', 'e', p);
		t.match(go('2001:db8:7::7'), /via fe80::99/, what);
	};
	const q7 = quoted('2001:db8:7::7');
	refused('not from our router', redirect('fe80::77', 'fe80::50', '2001:db8:7::7', q7));
	refused('from a global address', redirect('2001:db8::99', 'fe80::50', '2001:db8:7::7', q7));
	refused(
		'to a target off the link',
		redirect('fe80::99', '2001:db8:5::1', '2001:db8:7::7', q7),
	);
	refused('for a group', redirect('fe80::99', 'fe80::50', 'ff05::7', q7));
	refused('cut', icmp6('fe80::99', '2001:db8::1', REDIRECT, be32(0)));
	w.must('ip netns exec a sysctl -qw net.ipv6.conf.e.accept_redirects=0');
	refused('not wanted', redirect('fe80::99', 'fe80::50', '2001:db8:7::7', q7));
	w.must('ip netns exec a sysctl -qw net.ipv6.conf.e.accept_redirects=1');
	inject(w, 'a', 'e', redirect('fe80::99', 'fe80::50', '2001:db8:7::7', lladdr(2, 0x50)));
	t.match(go('2001:db8:7::7'), /via fe80::50/, 'without the packet');

	/* the new router turns out to be a host */
	inject(
		w,
		'a',
		'e',
		icmp6(
			'fe80::50',
			'ff02::1',
			NA,
			cat([0xa0, 0, 0, 0], a6('fe80::50'), lladdr(2, 0x50)),
		),
		0x50,
		to_group,
	);
	inject(
		w,
		'a',
		'e',
		icmp6(
			'fe80::50',
			'ff02::1',
			NA,
			cat([0x20, 0, 0, 0], a6('fe80::50'), lladdr(2, 0x50)),
		),
		0x50,
		to_group,
	);
	t.match(go('2001:db8:7::7'), /via fe80::99/);
	done(t, w);
	t.end();
});

void t.test('a router redirects', (t) => {
	/* a and the routers b and c on one link; c leads to the target */
	const w = new World();
	for (const n of ['sw', 'a', 'b', 'c']) {
		w.must(`ip netns add ${n}`);
		w.must(
			`ip netns exec ${n} sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0`,
		);
		w.must(`ip -n ${n} link set lo up`);
	}
	w.must('ip -n sw link add br0 type bridge');
	w.must('ip -n sw link set br0 up');
	['a', 'b', 'c'].forEach((n, i) => {
		w.must(
			`ip link add p${n} netns sw type veth peer name e netns ${n} address 02:00:00:00:00:0${i + 1}`,
		);
		w.must(`ip -n sw link set p${n} master br0`);
		w.must(`ip -n sw link set p${n} up`);
		w.must(`ip -n ${n} link set e up`);
	});
	for (const c of [
		'ip netns exec b sysctl -qw net.ipv6.conf.all.forwarding=1',
		'ip netns exec c sysctl -qw net.ipv6.conf.all.forwarding=1',
		'ip -n a addr add 2001:db8::a/64 dev e',
		'ip -n c addr add 2001:db8:d::1/64 dev lo',
		'ip -n a route add default via fe80::ff:fe00:2 dev e',
		'ip -n b route add 2001:db8::/64 dev e',
		'ip -n b route add 2001:db8:d::/64 via fe80::ff:fe00:3 dev e',
		'ip -n c route add 2001:db8::/64 dev e',
	])
		w.must(c);
	w.sleep(40);
	const wire = new capture_point(w, 'a', 'e');
	t.equal(ping(w, 'a', '-c 3 2001:db8:d::1').rc, 0);
	const told = wire.packets().filter(is(REDIRECT));
	t.equal(told.length, 1);
	t.equal(`${told[0].src} > ${told[0].dst}`, 'fe80::ff:fe00:2 > 2001:db8::a');
	t.equal(
		hex(told[0].data.subarray(62, 94)),
		hex(cat(a6('fe80::ff:fe00:3'), a6('2001:db8:d::1'))),
	);
	t.equal(told[0].ttl, 255);
	const to = wire
		.packets()
		.filter(is(ECHO))
		.map((p) => p.dst_mac);
	t.same(to, ['02:00:00:00:00:02', '02:00:00:00:00:03', '02:00:00:00:00:03']);
	done(t, w);
	t.end();
});

void t.test('routes', (t) => {
	const w = up(pair([], true));
	const ip = (c: string): result => w.sh(`ip -n a -6 ${c}`);
	const ok = (c: string): void => {
		const r = ip(c);
		t.equal(r.rc, 0, `${c} ${r.err}`);
	};
	const no = (c: string, why: RegExp): void => {
		const r = ip(c);
		t.equal(r.rc, 2, c);
		t.match(r.err, why, c);
	};
	const get = (c: string): string => ip(`route get ${c}`).out.trim();
	w.must('ip -n a link add d type dummy');
	w.must('ip -n a link set d up');
	ok('addr add fd00::1/64 dev e');
	w.sleep(0.1);

	ok('route add fd01::/64 via fd00::5');
	no('route add fd01::/64 via fd00::5', /File exists/);
	t.match(get('fd01::1'), /^fd01::1 via fd00::5 dev e src fd00::1 metric 1024/);
	ok('route add fd01::/48 via fd00::6');
	ok('route add fd01::/64 via fd00::7 metric 5');
	t.match(get('fd01::1'), /via fd00::7/);
	t.match(get('fd01:0:0:1::1'), /via fd00::6/);
	ok('route del fd01::/64 metric 5');
	t.match(get('fd01::1'), /via fd00::5/);
	ok('route replace fd01::/64 via fd00::8');
	t.match(get('fd01::1'), /via fd00::8/);
	ok('route change fd01::/64 via fd00::9');
	t.match(get('fd01::1'), /via fd00::9/);
	no('route change fd09::/64 via fd00::9', /Can not replace route - no match found/);
	no('route del fd09::/64', /No such process/);
	no('route del fd01::/64 via fd00::1:1', /No such process/);
	ok('route del fd01::/64 via fd00::9 dev e');
	t.match(get('fd01::1'), /via fd00::6/);
	ok('route add default via fe80::1 dev e mtu 1400 advmss 1200 hoplimit 9');
	t.match(
		get('2001:db8::1'),
		/via fe80::1 dev e src fd00::1 metric 1024 mtu 1400 advmss 1200 hoplimit 9/,
	);

	no('route add fd02::/64 via fd00::1', /Invalid gateway|Gateway can not be a local address/);
	no('route add fd02::/64 via ff02::1 dev e', /Invalid gateway/);
	no('route add fd02::/64 via fe80::1', /Egress device not specified/);
	no('route add fd02::/64 via fd55::1 dev d', /No route to host|Nexthop has invalid gateway/);
	ok('route add fd02::/64 dev lo');
	t.not(ping(w, 'a', '-c 1 -W 1 fd02::1').rc, 0, 'not a way out');
	ok('route del fd02::/64');
	ok('route add fd02::1/64 dev e');
	t.ok(
		routes(w, 'a').includes('fd02::/64 dev e metric 1024 pref medium'),
		'bits beyond the prefix do not count',
	);
	ok('route del fd02::/64');
	ok('route add fd02::/64 via fd55::1 dev e onlink');
	t.match(
		routes(w, 'a').find((l) => l.startsWith('fd02')),
		/onlink/,
	);
	w.must('ip -n a link set d down');
	no('route add fd03::/64 dev d', /not up|Network is down/);
	w.must('ip -n a link set d up');

	/* types */
	for (const [type, err] of [
		['blackhole', /Invalid argument/],
		['prohibit', /Permission denied/],
		['unreachable', /No route to host/],
		['throw', /Network is unreachable|Resource temporarily unavailable/],
	] as const) {
		ok(`route add ${type} fd04::/64`);
		const r = ip('route get fd04::1');
		if (type !== 'throw') t.match(r.err, err, type);
		t.ok(
			routes(w, 'a').some((l) =>
				l.startsWith(`${type} fd04::/64 dev lo metric 1024`),
			),
			type,
		);
		ok(`route del ${type} fd04::/64`);
	}

	/* several ways: flows are spread, all of one flow go one way */
	ok('route add fd05::/64 nexthop via fd00::11 weight 1 nexthop via fd00::12 weight 3');
	t.match(
		ip('route show fd05::/64').out,
		/nexthop via fd00::11 dev e weight 1 \n\s*nexthop via fd00::12 dev e weight 3/,
	);
	ok('route append fd05::/64 via fd00::13');
	t.match(ip('route show fd05::/64').out, /fd00::13/);
	const ways = new Map<string, number>();
	for (let i = 1; i < 300; i++) {
		const way = /via (\S+)/.exec(get(`fd05::${i.toString(16)}`))![1];
		ways.set(way, (ways.get(way) ?? 0) + 1);
		if (i < 5) t.match(get(`fd05::${i.toString(16)}`), new RegExp(`via ${way} `));
	}
	t.equal(ways.size, 3);
	t.ok(ways.get('fd00::12')! > 2 * ways.get('fd00::11')!, 'by weight');
	ok('route del fd05::/64 via fd00::13');
	ok('route replace fd05::/64 nexthop via fd00::14 nexthop via fd00::15');
	t.notMatch(ip('route show fd05::/64').out, /fd00::11/);
	no('route add fd06::/64 nexthop via fd00::11 nexthop via fd00::1', /./);
	t.notOk(
		routes(w, 'a').some((l) => l.startsWith('fd06')),
		'all or none',
	);
	ok('route del fd05::/64');
	t.equal(ip('route show fd05::/64').out, '');
	no('route add fd07::/64 nexthop dev e nexthop dev d', /Device only routes/);
	ok('route add fd07::/64 nexthop via fe80::5 dev e nexthop via fe80::6 dev d');
	w.must('ip -n a link set d down');
	t.match(ip('route show fd07::/64').out, /dead/);
	w.must('ip -n a link set d up');
	t.notMatch(ip('route show fd07::/64').out, /dead/);
	w.must('ip -n a link del d');
	t.notMatch(ip('route show fd07::/64').out, /dev d/);

	/* an end, tables, rules */
	ok('route add fd08::/64 via fd00::5 expires 20');
	t.match(ip('route show fd08::/64').out, /expires (19|20)sec/);
	w.sleep(60);
	t.equal(ip('route show fd08::/64').out, '');
	ok('route add fd0a::/64 via fd00::6 table 100');
	t.match(get('fd0a::1'), /fe80::1/);
	ok('rule add from fd00::1 table 100');
	t.match(get('fd0a::1 from fd00::1'), /via fd00::6/);
	ok('rule add to fd0b::/64 unreachable pref 50');
	t.match(ip('route get fd0b::1').err, /No route to host|unreachable/);
	ok('rule del pref 50');
	ok('rule add fwmark 7 table 100');
	t.match(get('fd0a::1 mark 7'), /via fd00::6/);
	t.match(ip('route show table 100').out, /^fd0a::\/64 via fd00::6/);
	ok('route flush table 100');
	t.equal(ip('route show table 100').out, '');

	t.match(get('ff02::1 oif e'), /multicast ff02::1/);
	t.match(get('fd00::1'), /^local fd00::1 dev lo/);
	t.match(get('fd0c::1 iif e from fd00::9'), /./);
	t.match(ip('route get fibmatch fd01:0:0:2::5').out, /^fd01::\/48 via fd00::6 dev e/);
	done(t, w);
	t.end();
});

void t.test('routes against a plain search', (t) => {
	const w = up(pair([], true));
	for (let i = 1; i <= 6; i++) w.must(`ip -n a addr add fd00:${i}::1/64 dev e nodad`);
	w.sleep(0.1);
	const bits = (a: Uint8Array, n: number): string =>
		[...a]
			.map((b) => b.toString(2).padStart(8, '0'))
			.join('')
			.slice(0, n);
	const prefix = fc.record({
		words: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 3 }),
		len: fc.constantFrom(16, 30, 32, 33, 46, 47, 48, 64, 127, 128),
		gw: fc.integer({ min: 1, max: 6 }),
		metric: fc.constantFrom(100, 200),
	});
	const text = (words: readonly number[]): string =>
		`2001:${words.map((x) => x.toString(16)).join(':')}::`;
	fc.assert(
		fc.property(
			fc.array(fc.tuple(fc.boolean(), prefix), { maxLength: 25 }),
			fc.array(
				fc.array(fc.integer({ min: 0, max: 3 }), {
					minLength: 3,
					maxLength: 3,
				}),
				{ minLength: 5, maxLength: 8 },
			),
			(ops, probes) => {
				const model = new Map<
					string,
					{ key: string; len: number; gw: number; metric: number }
				>();
				for (const [add, { words, len, gw, metric }] of ops) {
					const key = bits(a6(text(words)), len);
					const id = `${key}/${len}/${metric}`;
					const net = new Uint8Array(16);
					for (let i = 0; i < len; i++)
						if (key[i] === '1')
							net[i >> 3] =
								net[i >> 3] | (0x80 >> (i & 7));
					const dst = `${[...Array(8).keys()].map((i) => ((net[2 * i] << 8) | net[2 * i + 1]).toString(16)).join(':')}/${len}`;
					const cmd = add
						? `add ${dst} via fd00:${gw}::9 metric ${metric}`
						: `del ${dst} metric ${metric}`;
					const rc = w.sh(`ip -n a -6 route ${cmd}`).rc;
					if (rc !== (add === model.has(id) ? 2 : 0)) return false;
					if (add && rc === 0)
						model.set(id, { key, len, gw, metric });
					else if (!add) model.delete(id);
				}
				let good = true;
				for (const words of probes) {
					const addr = a6(text(words));
					const all = [...model.values()].filter(
						(r) => bits(addr, r.len) === r.key,
					);
					all.sort((x, y) => y.len - x.len || x.metric - y.metric);
					const out = w.sh(`ip -n a -6 route get ${text(words)}`).out;
					const via = /via fd00:(\d)::9/.exec(out)?.[1];
					good &&=
						via ===
						(all.length > 0 ? String(all[0].gw) : undefined);
				}
				w.must('ip -n a -6 route flush root 2000::/3');
				return good;
			},
		),
		{ numRuns: 40, seed: 5 },
	);
	done(t, w);
	t.end();
});

void t.test('groups are reported as a kernel did it', (t) => {
	const w = new World();
	for (const n of ['ns1', 'nsr1', 'ns2']) {
		w.must(`ip netns add ${n}`);
		w.must(
			`ip netns exec ${n} sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.all.router_solicitations=0 net.ipv6.conf.default.addr_gen_mode=1`,
		);
		w.must(`ip -n ${n} link set lo up`);
	}
	w.must(
		'ip link add veth0 netns nsr1 address 02:00:00:00:01:01 type veth peer name eth0 netns ns1 address 02:00:00:00:01:99',
	);
	const wire = new capture_point(w, 'nsr1', 'veth0');
	w.must('ip -n ns1 link set eth0 up');
	w.must('ip -n nsr1 link set veth0 up');
	w.sleep(2);
	t.equal(wire.frames.length, 0, 'nothing but the groups of all nodes');
	w.must('ip netns exec nsr1 sysctl -qw net.ipv6.conf.all.forwarding=1');
	w.sleep(3);
	const sent = wire.packets().filter(is(REPORT2));
	t.equal(sent.length, 2, 'twice, in case one is lost');
	t.equal(hex(sent[1].data), hex(sent[0].data));

	const recorded =
		'33330000001602000000010186dd600000000038000100000000000000000000000000000000ff020000000000000000000000000016' +
		'3a000502000001008f006b6d0000000204000000ff05000000000000000000000000000204000000ff020000000000000000000000000002';
	t.equal(hex(sent[0].data), recorded);

	wire.frames.length = 0;
	w.must('ip netns exec nsr1 sysctl -qw net.ipv6.conf.all.forwarding=0');
	w.sleep(3);
	const left = wire.packets().filter(is(REPORT2));
	t.ok(left.length >= 2, 'leaving is told as well');
	t.match(hex(left[0].data), /03000000ff0[25]/, 'to include nothing');
	done(t, w);
	t.end();
});

void t.test('queries for listeners', (t) => {
	const w = up(pair());
	w.sleep(5);
	const wire = new capture_point(w, 'a', 'e');
	const mcast = (p: Uint8Array): void => {
		inject(w, 'a', 'e', p, 0x99, to_group);
	};
	const query = (
		delay: number,
		group: string,
		rest: bytes = [2, 125, 0, 0],
		alert = true,
		src = 'fe80::99',
	): Uint8Array => {
		const p = icmp6(
			src,
			group === '::' ? 'ff02::1' : group,
			QUERY,
			cat(be16(delay), [0, 0], a6(group), rest),
			1,
		);
		return alert ? with_headers(p, [HOP, ROUTER_ALERT]) : p;
	};
	const reports = (): packet[] =>
		wire
			.packets()
			.filter(
				(p) =>
					p.outgoing &&
					p.proto === ICMP6 &&
					[REPORT1, DONE1, REPORT2].includes(p.sport),
			);
	const answer = (q: Uint8Array, wait: number): packet[] => {
		wire.frames.length = 0;
		mcast(q);
		w.sleep(wait);
		return reports();
	};
	const group = 'ff02::1:ff00:1';

	let r = answer(query(1000, '::'), 2);
	t.equal(r.length, 1, 'a general query');
	t.match(hex(r[0].data), /8f00....0000000102000000ff0200000000000000000001ff000001/);
	r = answer(query(1000, group), 2);
	t.equal(r.length, 1, 'of one group');
	r = answer(query(1000, group, cat([2, 125, 0, 1], a6('fd00::5'))), 2);
	t.equal(r.length, 1, 'of a source');
	t.equal(answer(query(1000, 'ff02::1:ff00:77'), 2).length, 0, 'a group that is not ours');
	t.equal(
		answer(query(1000, '::', [2, 125, 0, 0], false), 2).length,
		0,
		'without a router alert',
	);
	t.equal(
		answer(query(1000, '::', [2, 125, 0, 0], true, 'fd00::9'), 2).length,
		0,
		'from beyond the link',
	);
	t.equal(answer(query(1000, '::', [2]), 2).length, 0, 'of a wrong length');
	t.equal(answer(query(1000, 'fd00::1'), 2).length, 0, 'of no group');
	t.equal(answer(query(0x8fff, '::'), 1).length, 0, 'with much time');
	t.equal(answer(query(0x8fff, '::'), 100).length, 1);

	/* the older version */
	r = answer(query(1000, '::', []), 2);
	t.same(
		r.map((p) => `${p.sport} ${p.dst}`),
		[`${REPORT1} ${group}`],
	);
	wire.frames.length = 0;
	mcast(query(1000, '::', []));
	mcast(
		with_headers(icmp6('fe80::98', group, REPORT1, cat([0, 0, 0, 0], a6(group)), 1), [
			HOP,
			ROUTER_ALERT,
		]),
	);
	w.sleep(2);
	t.equal(reports().length, 0, 'another one reported already');
	const router = (on: number): packet[] => {
		wire.frames.length = 0;
		w.must(`ip netns exec a sysctl -qw net.ipv6.conf.e.forwarding=${on}`);
		w.sleep(12);
		return reports();
	};
	const all = (l: readonly packet[]): string[] =>
		[...new Set(l.map((p) => `${p.sport} ${p.dst}`))].sort();
	const old = ['ff02::1:ff00:0', 'ff02::2', 'ff05::2'].map((g) => `${REPORT1} ${g}`);
	t.same(all(router(1)), old, 'reports are of the old version now');
	t.same(all(router(0)), [`${DONE1} ff02::2`]);
	w.sleep(400);
	t.same(all(router(1)), [`${REPORT2} ff02::16`], 'until those who ask so are gone');
	w.must('ip netns exec a sysctl -qw net.ipv6.conf.e.force_mld_version=1');
	router(0);
	t.same(all(router(1)), old);
	t.ok(
		answer(query(1000, '::'), 2).every((p) => p.sport === REPORT1),
		'to queries of the new version as well',
	);
	w.must('ip netns exec a sysctl -qw net.ipv6.conf.e.force_mld_version=2');
	t.ok(answer(query(1000, '::'), 2).every((p) => p.sport === REPORT2));
	done(t, w);
	t.end();
});

void t.test('extension headers', (t) => {
	const w = routed();
	const wire = new capture_point(w, 'right', 'e');
	w.must('ip -n right neigh replace fd00:2::5 lladdr 02:00:00:00:00:05 dev e nud permanent');
	w.must('ip netns exec right sysctl -qw net.ipv6.icmp.ratelimit=0');
	const echo = icmp6('fd00:2::5', 'fd00:2::99', ECHO, be32(0x10001), 64);
	const go = (p: Uint8Array, to?: bytes): string[] => {
		wire.frames.length = 0;
		inject(w, 'right', 'e', p, 5, to);
		return wire
			.packets()
			.filter((x) => x.outgoing && x.proto === ICMP6 && x.sport !== NS)
			.map(
				(x) =>
					`${x.sport}/${x.dport}${x.sport === PARAM ? ` at ${x.data[61]}` : ''}`,
			);
	};
	const padn = [0, 0, 1, 4, 0, 0, 0, 0];
	const pad1 = [0, 0, 0, 0, 0, 0, 0, 0];
	t.same(go(echo), ['129/0']);
	t.same(go(with_headers(echo, [HOP, padn])), ['129/0']);
	t.same(go(with_headers(echo, [DEST, pad1])), ['129/0']);
	t.same(go(with_headers(echo, [HOP, ROUTER_ALERT], [DEST, padn], [DEST, padn])), ['129/0']);
	t.same(
		go(with_headers(echo, [ROUTING, [0, 0, 0, 0, 0, 0, 0, 0]])),
		['129/0'],
		'a routing header that is used up',
	);
	t.same(
		go(with_headers(echo, [ROUTING, cat([0, 2, 0, 1, 0, 0, 0, 0], a6('fd00:2::7'))])),
		['4/0 at 42'],
		'one that is not',
	);
	t.same(
		go(with_headers(echo, [ROUTING, cat([0, 2, 4, 1, 0, 0, 0, 0], a6('fd00:2::7'))])),
		[],
		'segment routing is off',
	);
	t.same(
		go(with_headers(echo, [ROUTING, cat([0, 2, 3, 1, 0, 0, 0, 0], a6('fd00:2::7'))])),
		[],
	);

	const option = (type: number): bytes => [0, 0, type, 4, 1, 2, 3, 4];
	t.same(
		go(with_headers(echo, [DEST, option(0x1e)])),
		['129/0'],
		'an unknown option to skip',
	);
	t.same(go(with_headers(echo, [DEST, option(0x5e)])), [], 'to drop by');
	t.same(go(with_headers(echo, [DEST, option(0x9e)])), ['4/2 at 42'], 'to answer');
	t.same(
		go(with_headers(echo, [HOP, option(0xde)])),
		['4/2 at 42'],
		'to answer unless to a group',
	);
	const group = icmp6('fd00:2::5', 'ff02::1', ECHO, be32(0x10001), 64);
	t.same(go(with_headers(group, [HOP, option(0xde)]), to_group), []);
	t.same(go(with_headers(group, [HOP, option(0x9e)]), to_group), ['4/2 at 42']);

	for (const [what, h] of [
		['too much padding', [0, 1, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0]],
		['padding that is not zero', [0, 0, 1, 4, 0, 1, 0, 0]],
		['eight times one', [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0]],
		['an option beyond the header', [0, 0, 0x1e, 9, 0, 0, 0, 0]],
		['padding beyond the header', [0, 0, 1, 5, 0, 0, 0, 0]],
		['a router alert of a wrong length', [0, 0, 5, 3, 0, 0, 0, 0]],
		['a jumbo option that is not aligned', [0, 0, 0xc2, 3, 0, 0, 0, 0]],
	] as const)
		t.same(go(with_headers(echo, [HOP, h])), [], what);
	t.same(
		go(with_headers(echo, [HOP, cat([0, 0, 0xc2, 4], be32(100))])),
		['4/0 at 44'],
		'a jumbo packet that is not large',
	);
	t.same(
		go(with_headers(echo, [HOP, cat([0, 0, 0xc2, 4], be32(70000))])),
		['4/0 at 42'],
		'with a length of its own',
	);
	const jumbo = with_headers(echo, [HOP, cat([0, 0, 0xc2, 4], be32(70000))]);
	jumbo[4] = jumbo[5] = 0;
	t.same(go(jumbo), [], 'that is not all there');
	t.same(
		go(
			with_headers(echo, [
				HOP,
				cat(
					[0, 8],
					...new Array<number[]>(11).fill([0x1e, 4, 0, 0, 0, 0]),
					[0, 0, 0, 0],
				),
			]),
		),
		[],
		'too many options',
	);
	w.must('ip netns exec right sysctl -qw net.ipv6.max_dst_opts_number=-8');
	t.same(go(with_headers(echo, [DEST, option(0x1e)])), [], 'none that is unknown');
	w.must(
		'ip netns exec right sysctl -qw net.ipv6.max_dst_opts_number=8 net.ipv6.max_dst_opts_length=8',
	);
	t.same(go(with_headers(echo, [DEST, new Array<number>(16).fill(0)])), [], 'too long');
	w.must('ip netns exec right sysctl -qw net.ipv6.max_hbh_length=8');
	t.same(go(with_headers(echo, [HOP, [0, 1, 1, 2, 0, 0, 1, 2, 0, 0, 1, 2, 0, 0, 0, 0]])), []);

	t.same(go(ip6('fd00:2::5', 'fd00:2::99', NONE, [1, 2, 3])), [], 'nothing follows');
	t.same(
		go(ip6('fd00:2::5', 'fd00:2::99', 200, [1, 2, 3, 4, 5, 6, 7, 8])),
		['4/1 at 6'],
		'an unknown protocol',
	);
	t.same(go(with_headers(ip6('fd00:2::5', 'fd00:2::99', 200, [1, 2, 3, 4]), [DEST, padn])), [
		'4/1 at 40',
	]);
	t.same(
		go(with_headers(echo, [DEST, padn], [HOP, padn])),
		['4/1 at 40'],
		'hop-by-hop options elsewhere',
	);
	const udp = checksum(
		ip6('fd00:2::5', 'fd00:2::99', UDP, [0, 1, 0, 2, 0, 12, 0, 0, 1, 2, 3, 4]),
		UDP,
		46,
	);
	t.same(go(udp), ['1/4'], 'no such port');
	t.same(go(with_headers(udp, [DEST, padn])), ['1/4']);

	/* the packet itself */
	const bad = (what: string, change: (p: Uint8Array) => void): void => {
		const p = echo.slice();
		change(p);
		t.same(go(p), [], what);
	};
	bad('another version', (p) => (p[0] = 0x40));
	bad('longer than the frame', (p) => (p[5] = 200));
	bad('from a group', (p) => p.set(a6('ff02::5'), 8));
	bad('from loopback', (p) => p.set(a6('::1'), 8));
	bad('to loopback', (p) => p.set(a6('::1'), 24));
	bad('to a group of this interface alone', (p) => p.set(a6('ff01::1'), 24));
	bad('to a group of no scope', (p) => p.set(a6('ff00::1'), 24));
	bad('from a mapped address', (p) => p.set(a6('::ffff:1.2.3.4'), 8));
	bad('a wrong checksum', (p) => (p[43] = p[43] ^ 1));
	t.same(go(cat(echo, [0, 0, 0, 0, 0, 0])), ['129/0'], 'bytes behind it do not count');
	t.same(go(echo.subarray(0, 30)), []);
	t.same(go(icmp6('fd00:2::5', 'fd00:2::99', 200, be32(0))), [], 'an unknown message');
	t.same(go(icmp6('fd00:2::5', 'fd00:2::99', 100, be32(0))), []);
	t.same(go(ip6('fd00:2::5', 'fd00:2::99', ICMP6, [128, 0])), []);
	t.same(go(icmp6('fd00:2::5', 'fd00:2::99', UNREACH, be32(0))), []);

	/* a router hands on what it does not know, but for hop-by-hop options */
	const r = new capture_point(w, 'r', 'v1');
	const through = icmp6('fd00:1::99', 'fd00:2::99', ECHO, be32(0x10001), 64);
	const forwarded = (p: Uint8Array): number => {
		r.frames.length = 0;
		inject(w, 'r', 'v0', p);
		return r.packets().filter(is(ECHO)).length;
	};
	ping(w, 'left', '-c 1 fd00:2::99');
	t.equal(forwarded(with_headers(through, [DEST, option(0xde)])), 1);
	t.equal(forwarded(with_headers(through, [HOP, padn])), 1);
	t.equal(forwarded(with_headers(through, [HOP, ROUTER_ALERT])), 1);
	t.equal(forwarded(with_headers(through, [HOP, option(0xde)])), 0);
	t.equal(forwarded(with_headers(through, [HOP, option(0x1e)])), 1);
	done(t, w);
	t.end();
});

void t.test('whatever bytes arrive', (t) => {
	const w = routed();
	const seeds = [
		icmp6('fd00:1::99', 'fd00:2::99', ECHO, be32(0x10001), 64),
		icmp6(
			'fe80::5',
			'ff02::1',
			RA,
			cat(
				[64, 0],
				be16(1800),
				be32(0),
				be32(0),
				lladdr(1, 5),
				prefix_info('2001:db8::', 100, 100),
				[5, 1, 0, 0],
				be32(1400),
				[24, 2, 48, 0],
				be32(60),
				be32(5),
			),
		),
		icmp6(
			'fd00:1::99',
			'ff02::1:ff00:1',
			NS,
			cat(be32(0), a6('fd00:1::1'), lladdr(1, 0x99)),
		),
		icmp6(
			'fd00:1::99',
			'fd00:1::1',
			NA,
			cat([0x60, 0, 0, 0], a6('fd00:1::99'), lladdr(2, 0x99)),
		),
		icmp6(
			'fe80::5',
			'fd00:1::1',
			REDIRECT,
			cat(
				be32(0),
				a6('fe80::6'),
				a6('fd00:7::7'),
				lladdr(2, 6),
				[4, 7, 0, 0, 0, 0, 0, 0],
				icmp6('fd00:1::1', 'fd00:7::7', ECHO, be32(1)),
			),
		),
		icmp6('fe80::5', 'ff02::2', RS, cat(be32(0), lladdr(1, 5))),
		with_headers(
			icmp6(
				'fe80::5',
				'ff02::1',
				QUERY,
				cat([0, 100, 0, 0], a6('::'), [2, 125, 0, 0]),
				1,
			),
			[HOP, ROUTER_ALERT],
		),
		with_headers(
			icmp6(
				'fe80::5',
				'ff02::16',
				REPORT2,
				cat([0, 0, 0, 1, 4, 0, 0, 0], a6('ff02::5')),
				1,
			),
			[HOP, ROUTER_ALERT],
		),
		icmp6(
			'fd00:2::99',
			'fd00:1::99',
			TOO_BIG,
			cat(be32(1300), icmp6('fd00:1::99', 'fd00:2::99', ECHO, be32(1))),
		),
		icmp6(
			'fd00:2::99',
			'fd00:1::1',
			UNREACH,
			cat(
				be32(0),
				with_headers(
					checksum(
						ip6(
							'fd00:1::1',
							'fd00:2::99',
							UDP,
							[0, 1, 0, 2, 0, 8, 0, 0],
						),
						UDP,
						46,
					),
					[DEST, [0, 0, 1, 4, 0, 0, 0, 0]],
				),
			),
		),
		ip6(
			'fd00:1::99',
			'fd00:1::1',
			FRAGMENT,
			cat([ICMP6, 0, 0, 1], be32(5), new Uint8Array(64)),
		),
		ip6(
			'fd00:1::99',
			'fd00:1::1',
			FRAGMENT,
			cat([UDP, 0, 0, 0x40], be32(5), new Uint8Array(30)),
		),
		with_headers(
			icmp6('fd00:1::99', 'fd00:1::1', ECHO, be32(1)),
			[HOP, [0, 0, 5, 2, 0, 0, 1, 0]],
			[DEST, [0, 0, 0x1e, 4, 0, 0, 0, 0]],
			[ROUTING, [0, 0, 0, 0, 0, 0, 0, 0]],
		),
		checksum(
			ip6('fd00:1::99', 'fd00:1::1', UDP, [0, 1, 0, 2, 0, 12, 0, 0, 1, 2, 3, 4]),
			UDP,
			46,
		),
		checksum(
			ip6(
				'fd00:1::99',
				'fd00:1::1',
				6,
				cat(
					be16(1),
					be16(2),
					be32(1),
					be32(0),
					[0x50, 2],
					be16(1000),
					be32(0),
				),
			),
			6,
			56,
		),
	];
	const srv = w.spawn('nc -6 -u -l -p 2', { netns: 'r' });
	w.sleep(0.1);
	const change = fc.record({
		which: fc.nat(seeds.length - 1),
		edits: fc.array(
			fc.tuple(
				fc.nat(200),
				fc.oneof(
					fc.constantFrom(0, 1, 255, 0x80, 40, 43, 44, 58, 60),
					fc.nat(255),
				),
			),
			{ maxLength: 5 },
		),
		cut: fc.option(fc.nat(150)),
		group: fc.boolean(),
		fix: fc.boolean(),
	});
	fc.assert(
		fc.property(fc.array(change, { minLength: 20, maxLength: 40 }), (changes) => {
			for (const { which, edits, cut, group, fix } of changes) {
				let p = seeds[which].slice();
				for (const [at, v] of edits) if (at < p.length) p[at] = v;
				if (fix && p[6] === ICMP6) {
					p[42] = p[43] = 0;
					checksum(p, ICMP6, 42);
				}
				if (cut !== null) p = p.subarray(0, cut);
				inject(w, 'r', 'v0', p, 0x99, group ? to_group : undefined);
			}
			w.sleep(0.05);
		}),
		{ numRuns: 150, seed: 11 },
	);
	w.sleep(120);
	w.kill(srv, 9);
	t.equal(ping(w, 'left', '-c 2 fd00:2::99').rc, 0, 'all still works');
	done(t, w);
	t.end();
});

void t.test('a datagram that was built for a larger link', (t) => {
	const w = routed();
	t.equal(ping(w, 'left', '-c 1 fd00:2::99').rc, 0);
	const s = sock_create(w.ns('left'), AF_INET6, SOCK_DGRAM, 0);
	if (typeof s === 'number') throw new Error(`socket: ${s}`);
	t.equal(kernel_connect(s, { family: AF_INET6, addr: a6('fd00:2::99'), port: 9 }, 0), 0);
	const wire = new capture_point(w, 'r', 'v0');
	const send = (n: number, flags: number): number => {
		const msg = new msghdr(new Uint8Array(n).fill(n & 255), null);
		msg.flags = flags;
		return sock_sendmsg(s, msg);
	};
	t.equal(send(1400, MSG_MORE), 1400);
	w.must('ip -n left link set e mtu 1300');
	t.equal(send(20, 0), 20);
	w.sleep(0.1);
	const sent = wire.packets().filter((p) => !p.outgoing && p.proto === UDP);
	t.same(
		sent.map((p) => `${p.frag_offset} ${p.ip_len}`),
		['0 1296', `1248 ${40 + 8 + 1428 - 1248}`],
	);
	const whole = cat(sent[0].data.subarray(62), sent[1].data.subarray(62));
	t.equal(whole.length, 1428);
	t.equal(fold16(sum16(whole, 0, 1428, sum16(sent[0].data, 22, 32) + 1428 + UDP)), 0xffff);
	sock_release(s);
	done(t, w);
	t.end();
});

void t.test('rules choose tables', (t) => {
	const w = routed();
	const ip = (c: string): void => {
		w.must(`ip -n left -6 ${c}`);
	};
	const via = (c: string): string =>
		/via (\S+)/.exec(w.sh(`ip -n left -6 route get ${c}`).out)?.[1] ?? 'none';
	ip('addr add fd00:1::98/64 dev e nodad');
	ip('route add default via fd00:1::21 table 21');
	ip('route add default via fd00:1::22 table 22');
	ip('route add fd00:2::/64 via fd00:1::23 table 23');
	for (const [rule, get] of [
		['from fd00:1::98 table 21', 'fd00:2::99 from fd00:1::98'],
		['to fd00:2::/64 table 21', 'fd00:2::99'],
		['fwmark 5/7 table 21', 'fd00:2::99 mark 13'],
		['ipproto udp table 21', 'fd00:2::99 ipproto udp'],
		['dport 80-90 table 21', 'fd00:2::99 ipproto tcp dport 85'],
		['sport 7 table 21', 'fd00:2::99 ipproto tcp sport 7'],
		['iif lo table 21', 'fd00:2::99'],
		['oif e table 21', 'fd00:2::99 oif e'],
		['tos 0x10 table 21', 'fd00:2::99 tos 0x10'],
		['not to fd00:7::/64 table 21', 'fd00:2::99'],
	]) {
		const before = via(get);
		ip(`rule add ${rule} pref 100`);
		t.equal(via(get), 'fd00:1::21', rule);
		t.equal(w.sh(`ip -n left -6 rule add ${rule} pref 100`).rc, 2, 'no rule twice');
		ip(`rule del ${rule} pref 100`);
		t.equal(via(get), before);
	}
	ip('rule add goto 300 pref 100');
	ip('rule add table 21 pref 200');
	ip('rule add table 22 pref 300');
	t.equal(via('fd00:2::99'), 'fd00:1::22');
	ip('rule del pref 100');
	t.equal(via('fd00:2::99'), 'fd00:1::21');
	ip('rule add table 23 suppress_prefixlength 64 pref 150');
	t.equal(via('fd00:2::99'), 'fd00:1::21', 'a rule that keeps out what is too wide');
	ip('rule del pref 150');
	ip('rule add table 23 suppress_prefixlength 63 pref 150');
	t.equal(via('fd00:2::99'), 'fd00:1::23');
	ip('rule add prohibit to fd00:2::5 pref 10');
	t.match(w.sh('ip -n left -6 route get fd00:2::5').err, /Permission denied/);
	ip('rule add blackhole to fd00:2::6 pref 11');
	t.match(w.sh('ip -n left -6 route get fd00:2::6').err, /Invalid argument/);
	t.match(w.must('ip -n left -6 rule'), /10:\s+from all to fd00:2::5 prohibit\n/);
	for (const p of [10, 11, 150, 200, 300]) ip(`rule del pref ${p}`);
	/* with rules, a router looks by them as well */
	w.must('ip -n r -6 rule add to fd00:2::/64 unreachable pref 10');
	t.match(ping(w, 'left', '-c 1 fd00:2::99').out, /Destination unreachable/);
	w.must('ip -n r -6 rule del pref 10');
	t.equal(ping(w, 'left', '-c 1 fd00:2::99').rc, 0);
	done(t, w);
	t.end();
});

void t.test('what netlink tells', (t) => {
	const w = up(pair([], true));
	const net = w.ns('a');
	const heard: string[] = [];
	const stop = [RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_IFINFO, RTNLGRP_IPV6_ROUTE].map((g) =>
		rtnl_listen(net, g, (msg) => heard.push(`${g} ${msg.type}`)),
	);
	w.must('ip -n a addr add fd00::1/64 dev e');
	w.sleep(0.1);
	t.ok(heard.includes(`${RTNLGRP_IPV6_IFADDR} ${RTM_NEWADDR}`));
	t.ok(heard.includes(`${RTNLGRP_IPV6_ROUTE} ${RTM_NEWROUTE}`));
	heard.length = 0;
	w.must('ip -n a addr del fd00::1/64 dev e');
	t.ok(heard.includes(`${RTNLGRP_IPV6_IFADDR} ${RTM_DELADDR}`));
	t.ok(heard.includes(`${RTNLGRP_IPV6_ROUTE} ${RTM_DELROUTE}`));
	heard.length = 0;
	w.must('ip netns exec a sysctl -qw net.ipv6.neigh.e.retrans_time_ms=500');
	t.same(heard, [`${RTNLGRP_IPV6_IFINFO} ${RTM_NEWLINK}`]);
	for (const f of stop) f();

	w.must('ip -n a addr add fd00::1/64 dev e nodad');
	w.sleep(0.1);
	const ask = (msg: nlmsg): nlmsg[] | number => {
		const reply: nlmsg[] = [];
		const err = rtnetlink_rcv_msg(net, msg, new netlink_ext_ack(), reply);
		return err < 0 ? err : reply;
	};
	const e = __dev_get_by_name(net, 'e')!.ifindex;
	const addr = (a: bytes, flags = 0): ifaddrmsg_msg => {
		const m = new ifaddrmsg_msg(
			RTM_GETADDR,
			flags,
			new Map([[IFA_ADDRESS, Uint8Array.from(a)]]),
		);
		m.ifa_family = AF_INET6;
		m.ifa_index = e;
		return m;
	};
	const one = ask(addr(a6('fd00::1'))) as ifaddrmsg_msg[];
	t.equal(one[0].ifa_prefixlen, 64);
	t.equal(ask(addr(a6('fd00::2'))), -EADDRNOTAVAIL);
	t.equal(ask(addr([1, 2, 3])), -EINVAL);
	const dump = new ifaddrmsg_msg(RTM_GETADDR, NLM_F_DUMP);
	dump.ifa_family = AF_INET6;
	t.equal((ask(dump) as nlmsg[]).length, 3, '::1, fd00::1, link-local');
	dump.ifa_index = e;
	t.equal((ask(dump) as nlmsg[]).length, 2);
	dump.ifa_index = 99;
	t.equal(ask(dump), -ENODEV);
	dump.ifa_prefixlen = 1;
	t.equal(ask(dump), -EINVAL);

	const links = new ifinfomsg_msg(RTM_GETLINK, NLM_F_DUMP);
	links.ifi_family = AF_INET6;
	const all = ask(links) as ifinfomsg_msg[];
	t.equal(all.length, 2);
	const info = nla_parse_nested(all[1].tb, IFLA_PROTINFO)!;
	t.equal(nla_parse_nested(info, IFLA_INET6_CONF)!.get(DEVCONF_HOPLIMIT), 64);
	t.equal(info.get(IFLA_INET6_ADDR_GEN_MODE), 0);

	const set = (what: [number, number | Uint8Array][]): number => {
		const m = new ifinfomsg_msg(RTM_SETLINK, 0);
		m.ifi_index = e;
		m.tb.set(IFLA_AF_SPEC, new Map([[AF_INET6, new Map(what)]]));
		const r = ask(m);
		return typeof r === 'number' ? r : 0;
	};
	t.equal(set([]), -EINVAL);
	t.equal(set([[IFLA_INET6_ADDR_GEN_MODE, 9]]), -EINVAL);
	t.equal(set([[IFLA_INET6_ADDR_GEN_MODE, 2]]), -EINVAL, 'no secret');
	t.equal(set([[IFLA_INET6_ADDR_GEN_MODE, 1]]), 0);
	t.equal(set([[IFLA_INET6_TOKEN, new Uint8Array(3)]]), -EINVAL);
	t.equal(set([[IFLA_INET6_TOKEN, a6('::77')]]), -EINVAL, 'where routers are not asked');
	w.must('ip netns exec a sysctl -qw net.ipv6.conf.e.router_solicitations=2');
	const wire = new capture_point(w, 'a', 'e');
	t.equal(set([[IFLA_INET6_TOKEN, a6('::77')]]), 0);
	w.sleep(12);
	t.equal(wire.packets().filter(is(RS)).length, 2, 'routers are asked again');
	inject(
		w,
		'a',
		'e',
		advertisement(100, prefix_info('2001:db8:1::', 300, 200)),
		0x99,
		to_group,
	);
	w.sleep(1);
	t.equal(
		addresses(w, 'a', 'e')[0],
		'inet6 2001:db8:1::77/64 scope global dynamic mngtmpaddr',
	);
	t.equal(set([[IFLA_INET6_TOKEN, a6('::78')]]), 0);
	w.sleep(2);
	t.notOk(
		addresses(w, 'a', 'e').some((l) => l.includes('::77')),
		'addresses of the old one go',
	);
	t.equal(set([[IFLA_INET6_TOKEN, new Uint8Array(16)]]), 0);

	/* disable_policy, mtu of all, and the rest of what can be set */
	w.must(
		'ip netns exec a sysctl -qw net.ipv6.conf.e.disable_policy=1 net.ipv6.conf.all.disable_policy=1 net.ipv6.conf.default.disable_policy=1',
	);
	w.must(
		'ip netns exec a sysctl -qw net.ipv6.conf.e.disable_policy=0 net.ipv6.conf.all.mtu=1300 net.ipv6.conf.default.forwarding=1',
	);
	for (const name of net.sysctls.keys()) {
		if (!name.startsWith('net/ipv6/') || name.endsWith('/flush')) continue;
		const s = net.sysctls.get(name)!;
		const v = s.show();
		if (name.endsWith('stable_secret')) continue;
		t.equal(s.store(v), 0, `${name} = ${v}`);
		t.equal(s.show(), v, name);
		t.ok(s.store('nonsense') < 0, `${name} takes no nonsense`);
	}
	w.must('ip netns exec a sysctl -qw net.ipv6.route.flush=1');
	done(t, w);
	t.end();
});
