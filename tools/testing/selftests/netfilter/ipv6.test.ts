// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netfilter over IPv6 as hosts and routers see it: packets of a host that are routed once more, what rules
 * find behind extension headers, and checksums behind address translation.
 */
import t, { type Test } from 'tap';
import { type net_device, netdev_priv } from '../../../../include/linux/netdevice.ts';
import { skb_copy_bits, skb_put } from '../../../../net/core/skbuff.ts';
import { skb_reserve } from '../../../../include/linux/skbuff.ts';
import { __dev_get_by_name, netif_rx } from '../../../../net/core/dev.ts';
import { alloc_skb } from '../../../../net/core/skbuff.ts';
import { eth_type_trans } from '../../../../net/ethernet/eth.ts';
import type { veth_priv } from '../drivers/net/veth.ts';
import { pton6 } from '../lib/address.ts';
import { decode_frame, fold16, type packet, sum16 } from '../lib/packet.ts';
import { World } from '../lib/world.ts';

/** What a device sends from now on, IP packets other than those of neighbour discovery. */
function tap(w: World, ns: string, name: string): packet[] {
	const list: packet[] = [];
	const dev = __dev_get_by_name(w.ns(ns), name)!;
	netdev_priv<veth_priv>(dev).tamper = (skb) => {
		const bytes = new Uint8Array(skb.len);
		skb_copy_bits(skb, 0, bytes, 0, skb.len);
		const p = decode_frame(bytes);
		if (p.ip !== 0 && !(p.proto === 58 && (p.sport >= 130 || p.sport === 0)))
			list.push(p);
		return true;
	};
	return list;
}

function clean(t: Test, w: World): void {
	t.same(w.check_leaks(), []);
	t.same(w.m.records, []);
}

/** Counters of a chain's rules: packets. */
function counts(w: World, ns: string, table: string): number[] {
	const out = w.must(`nft list table ${table}`, { netns: ns });
	return [...out.matchAll(/counter packets (\d+)/g)].map((m) => Number(m[1]));
}

function nft(w: World, ns: string, script: string): void {
	w.must('nft -f -', { netns: ns, stdin: script });
}

/** Hosts a and b with two wires: p (fd00:1::/64) and q (fd00:2::/64); b is fd00:9::9 too, by p. */
function two_ways(): { w: World; p: packet[]; q: packet[] } {
	const w = new World();
	for (const n of ['a', 'b']) {
		w.must(`ip netns add ${n}`);
		w.must(`ip -n ${n} link set lo up`);
	}
	for (const [i, d] of ['p', 'q'].entries()) {
		w.must(`ip link add ${d} netns a type veth peer name ${d} netns b`);
		for (const [k, n] of ['a', 'b'].entries()) {
			w.must(`ip -n ${n} addr add fd00:${i + 1}::${k + 1}/64 dev ${d} nodad`);
			w.must(`ip -n ${n} link set ${d} up`);
		}
	}
	w.must('ip -n b addr add fd00:9::9/128 dev lo');
	w.must('ip -n b -6 route add fd00:8::/64 dev lo');
	w.must('ip -n b addr add fd00:8::8/128 dev lo');
	w.must('ip -n a -6 route add fd00:9::/64 via fd00:1::2');
	w.must('ip -n a -6 route add fd00:8::/64 via fd00:2::2');
	w.must('ip -n a -6 rule add fwmark 7 table 100');
	w.must('ip -n a -6 route add default via fd00:2::2 dev q table 100');
	w.sleep(3);
	const r = { w, p: tap(w, 'a', 'p'), q: tap(w, 'a', 'q') };
	return r;
}

void t.test('packets of the host itself are routed once more', (t) => {
	const { w, p, q } = two_ways();
	const ping = (to: string, more = ''): { rc: number; err: string; ways: string } => {
		const r = w.sh(`ping -c 1 -W 1 ${more} ${to}`, { netns: 'a' });
		const ways = [...p.splice(0).map(() => 'p'), ...q.splice(0).map(() => 'q')].join(
			'',
		);
		return { rc: r.rc, err: r.err + r.out, ways };
	};
	for (const family of ['ip6', 'inet']) {
		t.equal(ping('fd00:9::9').ways, 'p');
		nft(
			w,
			'a',
			`table ${family} f {
				chain o {
					type route hook output priority 0
					icmpv6 type echo-request meta mark set 7 counter
				}
			}`,
		);
		const r = ping('fd00:9::9');
		t.equal(r.ways, 'q', `${family}: by its mark`);
		t.equal(r.rc, 0);
		t.same(counts(w, 'a', `${family} f`), [1]);
		w.must(`nft delete table ${family} f`, { netns: 'a' });
	}

	nft(
		w,
		'a',
		`table ip6 f {
			chain o {
				type route hook output priority 0
				icmpv6 type echo-request meta mark set 7
			}
		}`,
	);
	/* what is of a link stays on it, and so does what is bound to a device */
	const ll = /fe80::\S+(?=\/)/.exec(w.must('ip -n b -6 addr show dev p scope link'))![0];
	t.equal(ping(`${ll}%p`).ways, 'p');
	t.equal(ping('fd00:9::9', '-I p').ways, 'p');
	/* nowhere to go: the sender hears of it */
	w.must('ip -n a -6 route replace unreachable default table 100 metric 1');
	w.must('ip -n a -6 route del default via fd00:2::2 dev q table 100');
	let r = ping('fd00:9::9');
	t.equal(r.ways, '');
	t.notMatch(r.err, 'sendmsg', 'ping prints no error that the queue of errors does not explain');
	w.must('ip -n a -6 route del unreachable default table 100 metric 1');
	w.must('ip -n a -6 route add prohibit default table 100');
	r = ping('fd00:9::9');
	t.equal(r.ways, '');
	w.must('nft delete table ip6 f', { netns: 'a' });

	/* other changes than that of the mark */
	nft(
		w,
		'a',
		`table ip6 f {
			chain o {
				type route hook output priority 0
				icmpv6 type echo-request ip6 hoplimit set 9
			}
		}`,
	);
	w.must('ping -c 1 fd00:9::9', { netns: 'a' });
	t.equal(p.find((x) => x.sport === 128)!.ttl, 9);
	w.must('nft flush chain ip6 f o', { netns: 'a' });
	w.must('nft add rule ip6 f o icmpv6 type echo-request ip6 daddr set fd00:8::8', {
		netns: 'a',
	});
	p.length = 0;
	w.sh('ping -c 1 -W 1 fd00:9::9', { netns: 'a' });
	t.equal(p.length, 0);
	t.equal(q[0].dst, 'fd00:8::8', 'another address, another way');
	clean(t, w);
	t.end();
});

void t.test('packets of the host itself to another address', (t) => {
	const { w, p, q } = two_ways();
	nft(
		w,
		'a',
		`table ip6 n {
			chain o {
				type nat hook output priority -100
				tcp dport 80 dnat to [fd00:8::8]:8080
				ip6 daddr fd00:7::7 dnat to fd00:9::9
			}
			chain p {
				type nat hook postrouting priority 100
			}
		}`,
	);
	const srv = w.spawn('nc -6 -l -p 8080', { netns: 'b' });
	w.sleep(0.1);
	const r = w.sh('nc -6 -N fd00:9::9 80', { netns: 'a', stdin: 'hello' });
	t.equal(r.rc, 0, r.err);
	t.equal(w.wait(srv, 5).out, 'hello');
	t.equal(p.length, 0);
	t.ok(q.length > 4 && q.every((x) => x.dst === 'fd00:8::8' && x.dport === 8080));
	/* without a route to the first address nothing gets as far as the translation */
	q.length = 0;
	t.match(w.sh('ping -c 1 fd00:7::7', { netns: 'a' }).err, /Network is unreachable/);
	w.must('ip -n a -6 route add fd00:7::/64 dev q');
	t.equal(w.sh('ping -c 1 fd00:7::7', { netns: 'a' }).rc, 0);
	t.same([p.length, q.length], [1, 0]);
	clean(t, w);
	t.end();
});

const UDP = 17;
const FRAGMENT = 44;
const AH = 51;
const ICMP6 = 58;
const NONE = 59;
const DEST = 60;
const ROUTING = 43;
const HOP = 0;

type chain = readonly (readonly [type: number, body: readonly number[]])[];

/** An IPv6 packet from host to host with a chain of headers before a datagram to port 53. */
function packet_of(
	headers: chain,
	last: number,
	payload: readonly number[],
	claim?: number,
): Uint8Array {
	const types = [...headers.map(([type]) => type), last];
	const body = headers.flatMap(([, b], i) => [types[i + 1], ...b.slice(1)]).concat(payload);
	const n = claim ?? body.length;
	return Uint8Array.from([
		...[0x60, 0, 0, 0, n >> 8, n & 255, types[0], 64],
		...pton6('fd00:1::1')!,
		...pton6('fd00:2::1')!,
		...body,
	]);
}

/** A datagram with a right checksum. */
function datagram(n = 8): number[] {
	const b = [0x0f, 0xa0, 0, 53, 0, 8 + n, 0, 0, ...Array<number>(n).fill(0x61)];
	const pseudo = Uint8Array.from([
		...pton6('fd00:1::1')!,
		...pton6('fd00:2::1')!,
		...[0, 0, 0, b.length, 0, 0, 0, UDP],
		...b,
	]);
	const c = ~fold16(sum16(pseudo, 0, pseudo.length)) & 0xffff;
	b[6] = c >> 8;
	b[7] = c & 255;
	return b;
}

/** Lets a device receive a packet. */
function receive(w: World, dev: net_device, p: Uint8Array): void {
	const skb = alloc_skb(w.m, p.length + 64);
	skb_reserve(skb, 16);
	const off = skb_put(skb, 14 + p.length);
	skb.head.set(dev.dev_addr, off);
	skb.head.set([2, 0, 0, 0, 0, 0x99, 0x86, 0xdd], off + 6);
	skb.head.set(p, off + 14);
	skb.dev = dev;
	skb.protocol = eth_type_trans(skb, dev);
	netif_rx(skb);
	w.m.run_pending();
}

void t.test('what rules find behind extension headers', (t) => {
	const w = new World();
	for (const n of ['a', 'r', 'b']) {
		w.must(`ip netns add ${n}`);
		w.must(`ip -n ${n} link set lo up`);
	}
	for (const [i, n] of ['a', 'b'].entries()) {
		w.must(`ip link add e netns ${n} type veth peer name r${i} netns r`);
		w.must(`ip -n ${n} addr add fd00:${i + 1}::1/64 dev e nodad`);
		w.must(`ip -n r addr add fd00:${i + 1}::fe/64 dev r${i} nodad`);
		w.must(`ip -n ${n} link set e up`);
		w.must(`ip -n r link set r${i} up`);
		w.must(`ip -n ${n} -6 route add default via fd00:${i + 1}::fe`);
	}
	w.must('sysctl -qw net.ipv6.conf.all.forwarding=1', { netns: 'r' });
	w.sleep(3);
	w.must('ping -c 1 fd00:2::1', { netns: 'a' });
	nft(
		w,
		'r',
		`table ip6 f {
			chain i {
				type filter hook prerouting priority -500
				iifname r0 counter
				iifname r0 meta l4proto udp counter
				iifname r0 udp dport 53 counter
				iifname r0 meta l4proto ipv6-icmp counter
				iifname r0 meta l4proto ah counter
				iifname r0 meta l4proto 59 counter
			}
		}`,
	);
	const r0 = __dev_get_by_name(w.ns('r'), 'r0')!;
	const opts = [0, 0, 1, 4, 0, 0, 0, 0];
	const ah = [0, 4, 0, 0, ...Array<number>(20).fill(1)];
	const frag = (off: number): number[] => [0, 0, off >> 8, off & 255, 0, 0, 0, 7];
	const [d] = [datagram()];
	/* of all, of UDP, of UDP to 53, of ICMPv6, of AH, of none */
	const cases: [string, Uint8Array, number[]][] = [
		['plain', packet_of([], UDP, d), [1, 1, 1, 0, 0, 0]],
		['hop-by-hop', packet_of([[HOP, opts]], UDP, d), [1, 1, 1, 0, 0, 0]],
		['destination', packet_of([[DEST, opts]], UDP, d), [1, 1, 1, 0, 0, 0]],
		[
			'a long one',
			packet_of(
				[
					[
						DEST,
						[
							0,
							2,
							1,
							4,
							0,
							0,
							0,
							0,
							1,
							14,
							...Array<number>(14).fill(0),
						],
					],
				],
				UDP,
				d,
			),
			[1, 1, 1, 0, 0, 0],
		],
		[
			'routing',
			packet_of([[ROUTING, [0, 0, 4, 0, 0, 0, 0, 0]]], UDP, d),
			[1, 1, 1, 0, 0, 0],
		],
		[
			'all of them',
			packet_of(
				[
					[HOP, opts],
					[DEST, opts],
					[ROUTING, [0, 0, 4, 0, 0, 0, 0, 0]],
					[FRAGMENT, frag(0)],
					[DEST, opts],
				],
				UDP,
				d,
			),
			[1, 1, 1, 0, 0, 0],
		],
		['first fragment', packet_of([[FRAGMENT, frag(1)]], UDP, d), [1, 1, 1, 0, 0, 0]],
		['later fragment', packet_of([[FRAGMENT, frag(8)]], UDP, d), [1, 1, 0, 0, 0, 0]],
		[
			'later fragment that begins with more headers',
			packet_of([[FRAGMENT, frag(8)]], DEST, d),
			[1, 0, 0, 0, 0, 0],
		],
		['authentication', packet_of([[AH, ah]], UDP, d), [1, 0, 0, 0, 1, 0]],
		['nothing', packet_of([[DEST, opts]], NONE, []), [1, 0, 0, 0, 0, 1]],
		['nothing at all', packet_of([], NONE, [1, 2, 3]), [1, 0, 0, 0, 0, 1]],
		['ICMPv6', packet_of([[DEST, opts]], ICMP6, [200, 0, 0, 0]), [1, 0, 0, 1, 0, 0]],
		['a chain that is cut off', packet_of([], DEST, [UDP]), [1, 0, 0, 0, 0, 0]],
		[
			'a fragment header that is cut off',
			packet_of([], FRAGMENT, [UDP, 0]),
			[1, 0, 0, 0, 0, 0],
		],
		[
			'a routing header that is cut off',
			packet_of([], ROUTING, [UDP, 0]),
			[1, 0, 0, 0, 0, 0],
		],
		[
			'a header that says it is longer than the packet',
			packet_of([[DEST, [0, 9, 1, 4, 0, 0, 0, 0]]], UDP, d),
			[1, 1, 0, 0, 0, 0],
		],
		['a port that is cut off', packet_of([], UDP, [0x0f, 0xa0, 0]), [1, 1, 0, 0, 0, 0]],
	];
	let before = counts(w, 'r', 'ip6 f');
	for (const [name, p, want] of cases) {
		receive(w, r0, p);
		const now = counts(w, 'r', 'ip6 f');
		t.same(
			now.map((n, i) => n - before[i]),
			want,
			name,
		);
		before = now;
	}
	/* the same for conntrack, whose port this is */
	nft(w, 'r', 'add chain ip6 f c { type filter hook forward priority 0; }');
	w.must('nft add rule ip6 f c ct state new counter', { netns: 'r' });
	for (const [, p] of cases) receive(w, r0, p);
	const ct = w.must('conntrack -L -f ipv6', { netns: 'r' });
	t.match(ct, /udp .*src=fd00:1::1 dst=fd00:2::1 sport=4000 dport=53/);
	clean(t, w);
	t.end();
});

void t.test('checksums behind address translation', (t) => {
	for (const v of [4, 6])
		for (const tx of ['on', 'off']) {
			const w = new World();
			const net = (i: number, h: string): string =>
				v === 4 ? `10.0.${i}.${h === 'fe' ? 254 : h}` : `fd00:${i}::${h}`;
			const len = v === 4 ? 24 : 64;
			for (const n of ['a', 'r', 'b']) {
				w.must(`ip netns add ${n}`);
				w.must(`ip -n ${n} link set lo up`);
			}
			for (const [i, n] of ['a', 'b'].entries()) {
				w.must(
					`ip link add e netns ${n} type veth peer name r${i} netns r`,
				);
				const nodad = v === 6 ? 'nodad' : '';
				w.must(
					`ip -n ${n} addr add ${net(i + 1, '1')}/${len} dev e ${nodad}`,
				);
				w.must(
					`ip -n r addr add ${net(i + 1, 'fe')}/${len} dev r${i} ${nodad}`,
				);
				w.must(`ip -n ${n} link set e up`);
				w.must(`ip -n r link set r${i} up`);
				w.must(
					`ip -n ${n} ${v === 6 ? '-6' : ''} route add default via ${net(i + 1, 'fe')}`,
				);
				/* what leaves the router is summed up there */
				w.must(`ethtool -K r${i} tx off`, { netns: 'r' });
				w.must(`ethtool -K e tx ${tx}`, { netns: n });
			}
			w.must('sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1', {
				netns: 'r',
			});
			const f = v === 4 ? 'ip' : 'ip6';
			const to = v === 4 ? '10.0.2.1:99' : '[fd00:2::1]:99';
			nft(
				w,
				'r',
				`table ${f} n {
					chain pre {
						type nat hook prerouting priority -100
						tcp dport 7 dnat to ${to}
						udp dport 7 dnat to ${to}
					}
					chain post { type nat hook postrouting priority 100; oifname r1 masquerade; }
				}`,
			);
			w.sleep(3);
			const far = tap(w, 'r', 'r1');
			const near = tap(w, 'r', 'r0');
			const data = 'x'.repeat(5000);
			for (const udp of ['', '-u']) {
				const srv = w.spawn(`nc -${v} ${udp} -l -p 99`, {
					netns: 'b',
				});
				w.sleep(0.1);
				const text = udp === '' ? data : 'datagram';
				const c = w.spawn(
					`nc -${v} ${udp} ${udp === '' ? '-N' : '-w 1'} ${net(1, 'fe')} 7`,
					{
						netns: 'a',
						stdin: text,
					},
				);
				w.sleep(3);
				w.kill(c);
				w.kill(srv);
				t.equal(w.wait(srv, 1).out, text, `IPv${v}, tx ${tx} ${udp}`);
			}
			/* an error about a datagram: the packet in it is translated as well */
			w.sh(`ping -${v} -c 1 ${net(2, '1')}`, { netns: 'a' });
			const c = w.spawn(`nc -${v} -u -w 1 ${net(1, 'fe')} 7`, {
				netns: 'a',
				stdin: 'refused',
			});
			w.sleep(2);
			w.kill(c);
			t.ok(far.length > 5 && near.length > 5, `${far.length} ${near.length}`);
			t.ok(
				far.every((p) => p.src === net(2, 'fe')),
				'masqueraded',
			);
			t.same(
				[...far, ...near].filter((p) => !p.checksum_ok).map((p) => p.text),
				[],
				`IPv${v}, tx ${tx}: sums are right`,
			);
			t.ok(
				near.some(
					(p) =>
						p.sport === (v === 4 ? 3 : 1) &&
						p.proto === (v === 4 ? 1 : 58),
				),
			);
			clean(t, w);
		}
	t.end();
});
