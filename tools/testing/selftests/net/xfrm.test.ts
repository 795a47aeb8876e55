// SPDX-License-Identifier: GPL-2.0-only
/*
 * IPsec: two networks joined by an ESP tunnel between their routers.
 */
import { createDecipheriv, createHmac } from 'node:crypto';
import t from 'tap';
import { netdev_priv } from '../../../../include/linux/netdevice.ts';
import type { sk_buff } from '../../../../include/linux/skbuff.ts';
import { __dev_get_by_name } from '../../../../net/core/dev.ts';
import { kfree_skb, skb_copy } from '../../../../net/core/skbuff.ts';
import type { veth_priv } from '../drivers/net/veth.ts';
import { World } from '../lib/world.ts';

const AES = '0123456789abcdef0123456789abcdef';
const SHA = '0123456789abcdef0123456789abcdef01234567';
const KEYS = `enc aes 0x${AES} auth sha1 0x${SHA}`;

/** ns1 10.0.1.99 - nsr1 192.168.10.1 - nsr2 192.168.10.2 - ns2 10.0.2.99, no IPsec yet. */
function networks(): World {
	const w = new World();
	for (const n of ['ns1', 'nsr1', 'nsr2', 'ns2']) {
		w.must(`ip netns add ${n}`);
		w.must(`ip -n ${n} link set lo up`);
	}
	w.must('ip link add veth0 netns nsr1 type veth peer name eth0 netns ns1');
	w.must('ip link add veth1 netns nsr1 type veth peer name veth0 netns nsr2');
	w.must('ip link add veth1 netns nsr2 type veth peer name eth0 netns ns2');
	for (const [n, dev, addr] of [
		['ns1', 'eth0', '10.0.1.99/24'],
		['nsr1', 'veth0', '10.0.1.1/24'],
		['nsr1', 'veth1', '192.168.10.1/24'],
		['nsr2', 'veth0', '192.168.10.2/24'],
		['nsr2', 'veth1', '10.0.2.1/24'],
		['ns2', 'eth0', '10.0.2.99/24'],
	]) {
		w.must(`ip -n ${n} addr add ${addr} dev ${dev}`);
		w.must(`ip -n ${n} link set ${dev} up`);
	}
	w.must('ip -n ns1 route add default via 10.0.1.1');
	w.must('ip -n ns2 route add default via 10.0.2.1');
	w.must('ip -n nsr1 route add default via 192.168.10.2');
	w.must('ip -n nsr2 route add default via 192.168.10.1');
	for (const n of ['nsr1', 'nsr2'])
		w.must(`ip netns exec ${n} sysctl -q net.ipv4.ip_forward=1`);
	return w;
}

function tunnel(
	w: World,
	ns: string,
	end: {
		me: string;
		remote: string;
		lnet: string;
		rnet: string;
		spi_in: string;
		spi_out: string;
		more?: string;
	},
): void {
	const { me, remote, lnet, rnet, spi_in, spi_out, more = '' } = end;
	w.must(
		`ip -net ${ns} xfrm state add src ${remote} dst ${me} proto esp spi ${spi_in} ${KEYS} ${more} mode tunnel sel src ${rnet} dst ${lnet}`,
	);
	w.must(
		`ip -net ${ns} xfrm state add src ${me} dst ${remote} proto esp spi ${spi_out} ${KEYS} ${more} mode tunnel sel src ${lnet} dst ${rnet}`,
	);
	w.must(
		`ip -net ${ns} xfrm policy add src ${lnet} dst ${rnet} dir out tmpl src ${me} dst ${remote} proto esp mode tunnel priority 1 action allow`,
	);
	w.must(
		`ip -net ${ns} xfrm policy add src ${rnet} dst ${lnet} dir fwd tmpl src ${remote} dst ${me} proto esp mode tunnel priority 1 action allow`,
	);
}

function both_tunnels(w: World, more = ''): void {
	tunnel(w, 'nsr1', {
		me: '192.168.10.1',
		remote: '192.168.10.2',
		lnet: '10.0.1.0/24',
		rnet: '10.0.2.0/24',
		spi_in: '0x1001',
		spi_out: '0x1002',
		more,
	});
	tunnel(w, 'nsr2', {
		me: '192.168.10.2',
		remote: '192.168.10.1',
		lnet: '10.0.2.0/24',
		rnet: '10.0.1.0/24',
		spi_in: '0x1002',
		spi_out: '0x1001',
		more,
	});
}

/** Counters of /proc/net/xfrm_stat that are not 0. */
function xfrm_stat(w: World, ns: string): Record<string, number> {
	const stat: Record<string, number> = {};
	for (const line of w
		.must(`ip netns exec ${ns} cat /proc/net/xfrm_stat`)
		.trim()
		.split('\n')) {
		const [name, n] = line.split(/\s+/);
		if (n !== '0') stat[name] = Number(n);
	}
	return stat;
}

/** Bytes of each IPv4 frame that a router sends on the link between the two. */
function watch(w: World, ns: string, dev: string): { frames: Uint8Array[]; hand: veth_priv } {
	const frames: Uint8Array[] = [];
	const hand = netdev_priv<veth_priv>(__dev_get_by_name(w.netns.get(ns)!, dev)!);
	hand.tamper = (skb: sk_buff) => {
		const frame = skb.head.slice(skb.data, skb.tail);
		if (frame[12] === 8 && frame[13] === 0) frames.push(frame);
		return true;
	};
	return { frames, hand };
}

const clean = (w: World): [number, number] => [w.m.skb_count, w.m.records.length];

void t.test('a tunnel carries what its policies mean, encrypted and authentic', (t) => {
	const w = networks();
	both_tunnels(w);
	const { frames } = watch(w, 'nsr1', 'veth1');
	const ping = w.sh('ip netns exec ns1 ping -c 1 -q 10.0.2.99');
	t.equal(ping.rc, 0, ping.out);
	t.equal(frames.length, 1);
	const f = Buffer.from(frames[0]);
	t.equal(
		f.length,
		166,
		'84 bytes padded to 96 with outer header, SPI, sequence number, IV, ICV',
	);
	t.equal(f[14 + 9], 50, 'ESP');
	t.equal(f.readUInt32BE(34), 0x1002, 'SPI');
	t.equal(f.readUInt32BE(38), 1, 'first sequence number');
	const icv = createHmac('sha1', Buffer.from(SHA, 'hex'))
		.update(f.subarray(34, -12))
		.digest();
	t.same(f.subarray(-12), icv.subarray(0, 12), 'HMAC-SHA1-96 over all of ESP');
	const plain = createDecipheriv('aes-128-cbc', Buffer.from(AES, 'hex'), f.subarray(42, 58));
	plain.setAutoPadding(false);
	const inner = plain.update(f.subarray(58, -12));
	t.equal(inner.toString('hex', 12, 20), '0a0001630a000263', 'addresses inside');
	t.equal(inner[8], 63, 'TTL inside, one hop down');
	t.equal(inner.at(-1), 4, 'next header: IP');
	t.equal(inner.at(-2), inner.length - 84 - 2, 'length of the padding');
	t.same(
		[...inner.subarray(84, -2)],
		Array.from({ length: inner.length - 86 }, (_, i) => i + 1),
	);
	t.same(xfrm_stat(w, 'nsr1'), {});
	t.same(xfrm_stat(w, 'nsr2'), {});
	t.same(clean(w), [0, 0]);
	t.end();
});

void t.test('every keyed hash is that of RFC 2104, for keys of every length', (t) => {
	for (const [auth, digest, bits] of [
		['md5', 'md5', 96],
		['sha1', 'sha1', 96],
		['sha256', 'sha256', 96],
		['hmac(sha384)', 'sha384', 192],
		['hmac(sha512)', 'sha512', 256],
	] as const)
		for (const key of ['ab'.repeat(16), '0123456789'.repeat(26)]) {
			const w = networks();
			for (const ns of ['nsr1', 'nsr2'])
				for (const dev of ['veth0', 'veth1']) w.must(`ip -n ${ns} link set ${dev} mtu 4000`);
			for (const ns of ['ns1', 'ns2']) w.must(`ip -n ${ns} link set eth0 mtu 4000`);
			for (const [ns, dir] of [
				['nsr1', 'out'],
				['nsr2', 'fwd'],
			]) {
				w.must(
					`ip -n ${ns} xfrm state add src 192.168.10.1 dst 192.168.10.2 proto esp spi 0x77 enc aes 0x${AES} auth '${auth}' 0x${key} mode tunnel sel src 10.0.1.0/24 dst 10.0.2.0/24`,
				);
				w.must(
					`ip -n ${ns} xfrm policy add src 10.0.1.0/24 dst 10.0.2.0/24 dir ${dir} tmpl src 192.168.10.1 dst 192.168.10.2 proto esp mode tunnel`,
				);
			}
			const { frames } = watch(w, 'nsr1', 'veth1');
			t.equal(w.sh('ip netns exec ns1 ping -c 1 -q -s 3000 10.0.2.99').rc, 0, `${auth}: accepted`);
			const f = Buffer.from(frames[0]);
			t.ok(f[23] === 50 && f.length > 3000, 'encrypted as one');
			const icv = createHmac(digest, Buffer.from(key, 'hex'))
				.update(f.subarray(34, -bits / 8))
				.digest();
			t.same(f.subarray(-bits / 8), icv.subarray(0, bits / 8), `${auth}: the value`);
		}
	t.end();
});

void t.test('what does not fit into the tunnel is answered with the MTU that does', (t) => {
	const w = networks();
	both_tunnels(w);
	const ping = w.sh('ip netns exec ns1 ping -c 1 -M do -s 1450 10.0.2.99');
	t.equal(ping.rc, 1);
	t.match(ping.out, 'From 10.0.1.1 icmp_seq=1 Frag needed and DF set (mtu = 1438)');
	t.equal(
		w.sh('ip netns exec ns1 ping -c 1 -q -M do -s 1410 10.0.2.99').rc,
		0,
		'1438 bytes fit',
	);
	t.end();
});

void t.test('a forged packet is dropped and counted', (t) => {
	const w = networks();
	both_tunnels(w);
	const hand = netdev_priv<veth_priv>(__dev_get_by_name(w.netns.get('nsr1')!, 'veth1')!);
	hand.tamper = (skb) => {
		if (skb.head[skb.data + 23] === 50) skb.head[skb.tail - 1] ^= 1;
		return true;
	};
	t.equal(w.sh('ip netns exec ns1 ping -c 1 -W 1 -q 10.0.2.99').rc, 1);
	t.same(xfrm_stat(w, 'nsr2'), { XfrmInStateProtoError: 1 });
	t.match(w.must('ip -n nsr2 -s xfrm state'), 'replay-window 0 replay 0 failed 1');
	t.same(clean(w), [0, 0]);
	t.end();
});

void t.test('with a window a replayed packet is dropped, without one it passes', (t) => {
	for (const window of [0, 32]) {
		const w = networks();
		both_tunnels(w, window === 0 ? '' : 'replay-window 32');
		let copy: sk_buff | null = null;
		const dev = __dev_get_by_name(w.netns.get('nsr1')!, 'veth1')!;
		netdev_priv<veth_priv>(dev).tamper = (skb) => {
			if (copy === null && skb.head[skb.data + 23] === 50) copy = skb_copy(skb);
			return true;
		};
		const ping = 'ip netns exec ns1 ping -c 1 -W 1 -q 10.0.2.99';
		t.equal(w.sh(ping).rc, 0);
		netdev_priv<veth_priv>(dev).tamper = null;
		const again = copy as sk_buff | null;
		if (again === null) throw new Error('no ESP packet seen');
		if (dev.netdev_ops.ndo_start_xmit(again, dev) !== 0) kfree_skb(again);
		w.must('sleep 1');
		t.same(xfrm_stat(w, 'nsr2'), window === 0 ? {} : { XfrmInStateSeqError: 1 });
		t.equal(w.sh(ping).rc, 0, 'the next packet passes');
		t.same(clean(w), [0, 0]);
	}
	t.end();
});

void t.test('policies: no state, block, clear text where a tunnel is asked for', (t) => {
	const w = networks();
	const ping = 'ip netns exec ns1 ping -c 1 -W 1 -q 10.0.2.99';
	const out = 'ip -net nsr1 xfrm policy';
	const sel = 'src 10.0.1.0/24 dst 10.0.2.0/24';
	t.equal(w.sh(ping).rc, 0, 'no IPsec at all');

	w.must(
		`${out} add ${sel} dir out tmpl src 192.168.10.1 dst 192.168.10.2 proto esp mode tunnel`,
	);
	t.equal(w.sh(ping).rc, 1);
	t.ok((xfrm_stat(w, 'nsr1')['XfrmOutNoStates'] ?? 0) > 0, 'no state');

	w.must(`${out} update ${sel} dir out action block`);
	t.equal(w.sh(ping).rc, 1);
	t.ok((xfrm_stat(w, 'nsr1')['XfrmOutPolBlock'] ?? 0) > 0, 'blocked');
	w.must(`${out} delete ${sel} dir out`);
	t.equal(w.sh(ping).rc, 0);

	w.must(
		`ip -net nsr2 xfrm policy add ${sel} dir fwd tmpl src 192.168.10.1 dst 192.168.10.2 proto esp mode tunnel`,
	);
	t.equal(w.sh(ping).rc, 1);
	t.same(xfrm_stat(w, 'nsr2'), { XfrmInTmplMismatch: 1 });
	t.same(clean(w), [0, 0]);
	t.end();
});

void t.test('transport mode between two hosts', (t) => {
	const w = networks();
	for (const ns of ['nsr1', 'nsr2']) {
		for (const [src, dst, spi] of [
			['192.168.10.1', '192.168.10.2', '0x11'],
			['192.168.10.2', '192.168.10.1', '0x12'],
		]) {
			w.must(
				`ip -net ${ns} xfrm state add src ${src} dst ${dst} proto esp spi ${spi} ${KEYS} mode transport`,
			);
			const dir = (src === '192.168.10.1') === (ns === 'nsr1') ? 'out' : 'in';
			w.must(
				`ip -net ${ns} xfrm policy add src ${src} dst ${dst} dir ${dir} tmpl src ${src} dst ${dst} proto esp mode transport`,
			);
		}
	}
	const { frames } = watch(w, 'nsr1', 'veth1');
	t.equal(w.sh('ip netns exec nsr1 ping -c 1 -q 192.168.10.2').rc, 0);
	t.same(
		frames.map((f) => f[23]),
		[50],
	);
	t.same(xfrm_stat(w, 'nsr2'), {});
	t.same(clean(w), [0, 0]);
	t.end();
});

/* texts and exit codes as iproute2 6.1 gave them */
void t.test('ip xfrm answers as the real one', (t) => {
	const w = new World();
	const ip = (args: string): string => {
		const r = w.sh(`ip xfrm ${args}`);
		return `${r.rc}: ${r.err}${r.out}`;
	};
	t.equal(
		ip('policy add src 1.1.1.1 dst 2.2.2.2'),
		'1: Not enough information: DIR is required.\n',
	);
	t.equal(
		ip('policy add dir foo'),
		'255: Error: argument "foo" is wrong: DIR value is invalid\n',
	);
	t.equal(ip('state add src 1.1.1.1'), '255: Error: argument "XFRM-PROTO" is required\n');
	t.equal(
		ip('state add src 1.1.1.1 dst 2.2.2.2 proto esp spi zz enc aes 0x11'),
		'255: Error: argument "zz" is wrong: SPI value is invalid\n',
	);
	t.equal(
		ip('state add src 1.1.1.1 dst 2.2.2.2 proto esp spi 1'),
		'1: ALGO-TYPE value "enc" or "aead" is required with XFRM-PROTO value "esp"\n',
	);
	t.equal(
		ip('state delete src 1.1.1.1 dst 2.2.2.2 proto esp spi 1'),
		'2: RTNETLINK answers: No such process\n',
	);
	t.equal(
		ip('policy delete dir in src 1.1.1.1 dst 2.2.2.2'),
		'2: RTNETLINK answers: No such file or directory\n',
	);
	t.equal(ip('state foo'), '255: Command "foo" is unknown, try "ip xfrm state help".\n');
	const add =
		'policy add dir out src 10.0.1.0/24 dst 10.0.2.0/24 tmpl src 192.168.10.1 dst 192.168.10.2 proto esp spi 5 mode tunnel priority 1 action allow';
	t.equal(ip(add), '0: ');
	t.equal(ip(add), '2: RTNETLINK answers: File exists\n');
	w.must(
		'ip xfrm policy add dir fwd src 10.0.1.0/24 dst 10.0.2.0/24 proto tcp dport 80 action block flag localok tmpl src 192.168.10.1 dst 192.168.10.2 proto esp mode transport level use reqid 7',
	);
	t.equal(
		w.must('ip xfrm policy'),
		'src 10.0.1.0/24 dst 10.0.2.0/24 proto tcp dport 80 \n' +
			'\tdir fwd action block priority 0 ptype main flag localok\n' +
			'\ttmpl src 192.168.10.1 dst 192.168.10.2\n' +
			'\t\tproto esp reqid 7 mode transport\n' +
			'\t\tlevel use \n' +
			'src 10.0.1.0/24 dst 10.0.2.0/24 \n' +
			'\tdir out priority 1 ptype main \n' +
			'\ttmpl src 192.168.10.1 dst 192.168.10.2\n' +
			'\t\tproto esp spi 0x00000005 reqid 0 mode tunnel\n',
	);
	t.equal(w.must('ip xfrm policy count'), '\t SPD IN  0 OUT 1 FWD 1\n');
	t.end();
});
