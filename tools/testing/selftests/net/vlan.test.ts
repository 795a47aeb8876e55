// SPDX-License-Identifier: GPL-2.0-only
/*
 * VLAN devices: tags on the wire, priorities, stacks of tags, what follows the real device.
 * Expectations are those of net/8021q of Linux 5.10 and of IEEE 802.1Q.
 */
import t, { type Test } from 'tap';
import { netdev_priv, type net_device } from '../../../../include/linux/netdevice.ts';
import type { sk_buff } from '../../../../include/linux/skbuff.ts';
import { __dev_get_by_name } from '../../../../net/core/dev.ts';
import type { veth_priv } from '../drivers/net/veth.ts';
import { World } from '../lib/world.ts';
import { frame, send, tags_of, taps } from './l2.ts';

/** A frame on the wire: tag beside it in the notation of frame(), and its bytes. */
interface on_wire {
	beside: boolean;
	tags: string;
	bytes: Buffer;
}

interface wire {
	w: World;
	a: net_device;
	b: net_device;
	/** Frames that a0 sent since the last look. */
	sent(): on_wire[];
	/** Address by which a0 is known. */
	mac(dev: string, ns?: string): string;
	show(dev: string, ns?: string): string;
	clean(t: Test): void;
}

/** Namespaces A with a0 and B with b0, joined. */
function wire(): wire {
	const w = new World();
	for (const n of ['A', 'B']) {
		w.must(`ip netns add ${n}`);
		for (const c of ['all', 'default'])
			w.must(`ip netns exec ${n} sysctl -q -w net.ipv6.conf.${c}.disable_ipv6=1`);
	}
	w.must(
		'ip link add a0 netns A address 02:00:00:00:00:0a type veth peer name b0 netns B address 02:00:00:00:00:0b',
	);
	w.must('ip -n A link set a0 up');
	w.must('ip -n B link set b0 up');
	const a = __dev_get_by_name(w.ns('A'), 'a0')!;
	const b = __dev_get_by_name(w.ns('B'), 'b0')!;
	let frames: on_wire[] = [];
	netdev_priv<veth_priv>(a).tamper = (skb: sk_buff) => {
		frames.push({
			beside: skb.vlan_present,
			tags: tags_of(skb).tags,
			bytes: Buffer.from(skb.head.slice(skb.data, skb.tail)),
		});
		return true;
	};
	const show = (dev: string, ns = 'A'): string => w.must(`ip -d -n ${ns} link show ${dev}`);
	return {
		w,
		a,
		b,
		show,
		sent() {
			const f = frames;
			frames = [];
			return f;
		},
		mac: (dev, ns) => /link\/ether (\S+)/.exec(show(dev, ns))![1],
		clean(t) {
			t.equal(w.m.skb_count, 0, 'no packet is left');
			t.same(w.m.records, []);
			t.same(w.check_leaks(), []);
		},
	};
}

/** A VLAN device on each end, up and with addresses 10.0.0.1 and .2. */
function vlan(l: wire, more = 'id 5', name = 'v'): void {
	for (const [ns, dev, addr] of [
		['A', 'a0', '10.0.0.1/24'],
		['B', 'b0', '10.0.0.2/24'],
	]) {
		l.w.must(`ip -n ${ns} link add link ${dev} name ${name} type vlan ${more}`);
		l.w.must(`ip -n ${ns} link set ${name} up`);
		l.w.must(`ip -n ${ns} addr add ${addr} dev ${name}`);
	}
}

const ping = 'ip netns exec A ping -c 1 -W 1 -q 10.0.0.2';

void t.test(
	'a tag lies beside the packet, or in its bytes where the device does not insert it',
	(t) => {
		const l = wire();
		vlan(l);
		l.sent();
		t.equal(l.w.sh(ping).rc, 0);
		for (const f of l.sent()) t.match(f, { beside: true, tags: '@5' });
		l.w.must('ip netns exec A ethtool -K a0 txvlan off');
		t.equal(l.w.sh(ping).rc, 0, 'the receiver does not care');
		const [f] = l.sent();
		t.match(f, { beside: false, tags: '@5' });
		t.equal(f.bytes.toString('hex', 12, 18), '810000050800');
		t.equal(f.bytes.length, 14 + 4 + 84);
		l.w.must('ip netns exec A ethtool -K a0 txvlan on');
		t.equal(l.w.sh(ping).rc, 0);
		t.equal(l.sent()[0].beside, true);
		l.clean(t);
		t.end();
	},
);

void t.test('a capture has the tag in the frame', (t) => {
	const l = wire();
	vlan(l, 'id 5 egress-qos-map 0:3');
	const dump = l.w.spawn('tcpdump -i a0 -w /cap.pcap', { netns: 'A' });
	const inner = l.w.spawn('tcpdump -i v -w /in.pcap', { netns: 'A' });
	l.w.sleep(0.5);
	t.equal(l.w.sh(`${ping} -s 8`).rc, 0);
	l.w.sleep(0.5);
	for (const p of [dump, inner]) {
		l.w.kill(p, 'INT');
		l.w.wait(p);
	}
	const packets = (path: string): string[] => {
		const f = Buffer.from(l.w.read_file(path));
		const out: string[] = [];
		for (let o = 24; o < f.length;) {
			const n = f.readUInt32LE(o + 8);
			out.push(f.toString('hex', o + 16 + 12, o + 16 + 18));
			o += 16 + n;
		}
		return out;
	};
	t.ok(packets('/cap.pcap').includes('810060050800'), 'request with priority 3');
	t.ok(packets('/in.pcap').includes('080045000024'), 'without a tag on the VLAN device');
	l.clean(t);
	t.end();
});

void t.test('802.1ad and a stack of tags', (t) => {
	const l = wire();
	for (const [ns, dev, addr] of [
		['A', 'a0', '10.0.0.1/24'],
		['B', 'b0', '10.0.0.2/24'],
	]) {
		l.w.must(`ip -n ${ns} link add link ${dev} name s type vlan proto 802.1ad id 100`);
		l.w.must(`ip -n ${ns} link add link s name c type vlan id 7`);
		l.w.must(`ip -n ${ns} link set s up`);
		l.w.must(`ip -n ${ns} link set c up`);
		l.w.must(`ip -n ${ns} addr add ${addr} dev c`);
	}
	t.match(l.show('s'), /vlan protocol 802\.1ad id 100 <REORDER_HDR>/);
	t.match(l.show('c'), /c@s: /);
	l.sent();
	t.equal(l.w.sh(ping).rc, 0);
	for (const f of l.sent()) t.equal(f.tags, '^100@7', 'service tag outside');
	l.w.must('ip netns exec A ethtool -K a0 txvlan off tx-vlan-stag-hw-insert off');
	t.equal(l.w.sh(ping).rc, 0);
	t.equal(l.sent()[0].bytes.toString('hex', 12, 22), '88a80064810000070800');
	l.w.must('ip -n A link add link a0 name q type vlan id 100');
	t.match(
		l.show('q'),
		'vlan protocol 802.1Q id 100',
		'the other kind of tag is another VLAN',
	);
	l.w.must('ip -n A link del s');
	t.equal(l.w.sh('ip -n A link show c').rc, 1, 'what stood on it has gone');
	l.clean(t);
	t.end();
});

void t.test('priorities: maps out and in', (t) => {
	const l = wire();
	vlan(l);
	l.w.must('ip -n A link set v type vlan egress-qos-map 2:6 3:7');
	l.w.must('ip -n B link set v type vlan ingress-qos-map 6:4 1:9');
	t.match(l.show('v'), 'egress-qos-map { 2:6 3:7 }');
	t.match(l.show('v', 'B'), 'ingress-qos-map { 1:9 6:4 }');
	const tap = new taps(l.w);
	tap.add(__dev_get_by_name(l.w.ns('B'), 'v')!);
	l.sent();
	for (const [prio, tag, out] of [
		[0, '@5', 0],
		[2, '@5p6', 4],
		[3, '@5p7', 0],
	] as const) {
		send(l.w, l.w.ns('A'), 'v', frame('02:00:00:00:00:0b', '0a'), prio);
		t.equal(l.sent()[0].tags, tag, `priority ${prio} on the wire`);
		t.match(
			tap.take(),
			[{ priority: out, tags: '' }],
			`priority ${prio} at the other end`,
		);
	}
	send(l.w, l.w.ns('A'), 'a0', frame('02:00:00:00:00:0b', '0a', '@5p1'));
	t.match(tap.take(), [{ priority: 9 }], 'tag in the bytes');
	l.w.must('ip -n A link set v type vlan egress-qos-map 2:0');
	t.match(l.show('v'), 'egress-qos-map { 3:7 }');
	l.clean(t);
	t.end();
});

void t.test('without REORDER_HDR the tag stays in the frame', (t) => {
	const l = wire();
	vlan(l);
	const tap = new taps(l.w);
	tap.add(__dev_get_by_name(l.w.ns('B'), 'v')!);
	const f = frame('02:00:00:00:00:0b', '0a', '', 46);
	send(l.w, l.w.ns('A'), 'v', f);
	t.same(tap.take()[0].bytes, f, 'with it: no trace');
	l.w.must('ip -n B link set v type vlan reorder_hdr off');
	t.notMatch(l.show('v', 'B'), 'REORDER_HDR');
	send(l.w, l.w.ns('A'), 'v', f);
	t.same(
		tap.take()[0].bytes,
		frame('02:00:00:00:00:0b', '0a', '@5'),
		'without: as on the wire',
	);
	t.equal(l.w.sh(ping).rc, 0, 'IP works all the same');
	l.w.must('ip netns exec A ethtool -K a0 txvlan off');
	l.w.must('ip -n A link add link a0 name x type vlan id 6 reorder_hdr off');
	l.w.must('ip -n A addr add 10.0.6.1/24 dev x');
	l.w.must('ip -n A link set x up');
	l.w.must('ip -n B link add link b0 name x type vlan id 6');
	l.w.must('ip -n B addr add 10.0.6.2/24 dev x');
	l.w.must('ip -n B link set x up');
	l.sent();
	t.equal(
		l.w.sh('ip netns exec A ping -c 1 -W 1 -q 10.0.6.2').rc,
		0,
		'tag written with the header',
	);
	t.match(l.sent().at(-1), { beside: false, tags: '@6' });
	l.clean(t);
	t.end();
});

void t.test('who gets what', (t) => {
	const l = wire();
	vlan(l);
	const tap = new taps(l.w);
	tap.add(__dev_get_by_name(l.w.ns('B'), 'v')!);
	const got = (tags: string, dst = '02:00:00:00:00:0b'): string => {
		send(l.w, l.w.ns('A'), 'a0', frame(dst, '0a', tags));
		return tap
			.take()
			.map((s) => `${s.dev}${s.tags}`)
			.join(' ');
	};
	t.equal(got('@5'), 'v');
	t.equal(got('@5p3'), 'v');
	t.equal(got('@0@5'), 'v', 'a priority tag before the tag');
	t.equal(got('@6'), '', 'not ours');
	t.equal(got('^5'), '', 'other kind of tag');
	t.equal(got(''), '');
	t.equal(got('@5@9'), 'v@9', 'only the outer tag comes off');
	t.equal(got('@5', 'ff'), 'v');
	l.w.must('ip -n B link set v down');
	t.equal(got('@5'), '', 'down');
	l.w.must('ip -n B link set v up');
	const s = l.w.must('ip -n B -s link show v').split('\n');
	t.match(s[3], /^ +\d+ +5 +0 /, 'five frames received');
	l.clean(t);
	t.end();
});

void t.test('counters of both devices', (t) => {
	const l = wire();
	vlan(l);
	const tx = (dev: string): string => l.w.must(`ip -n A -s link show ${dev}`).split('\n')[5];
	const before = /^ +(\d+) +(\d+)/.exec(tx('v'))!.slice(1).map(Number);
	send(l.w, l.w.ns('A'), 'v', frame('02:00:00:00:00:0b', '0a', '', 86));
	const after = /^ +(\d+) +(\d+)/.exec(tx('v'))!.slice(1).map(Number);
	t.same([after[0] - before[0], after[1] - before[1]], [100, 1]);
	l.clean(t);
	t.end();
});

void t.test('MTU: never above that of the real device', (t) => {
	const l = wire();
	vlan(l);
	const mtu = (dev: string): string => /mtu (\d+)/.exec(l.show(dev))![1];
	t.equal(mtu('v'), '1500');
	t.match(l.w.sh('ip -n A link set v mtu 1501'), {
		rc: 2,
		err: 'RTNETLINK answers: Numerical result out of range\n',
	});
	t.equal(l.w.sh('ip -n A link add link a0 name y mtu 1501 type vlan id 6').rc, 2);
	l.w.must('ip -n A link set a0 mtu 1400');
	t.equal(mtu('v'), '1400', 'follows down');
	l.w.must('ip -n A link set a0 mtu 2000');
	t.equal(mtu('v'), '1400', 'and not up');
	l.w.must('ip -n A link set v mtu 1300');
	l.w.must('ip -n A link add link a0 name y type vlan id 6');
	t.equal(mtu('y'), '2000', 'a new one takes what there is');
	t.equal(l.w.sh('ip netns exec A ping -c 1 -W 1 -q -M do -s 1272 10.0.0.2').rc, 0);
	t.equal(l.w.sh('ip netns exec A ping -c 1 -W 1 -q -M do -s 1273 10.0.0.2').rc, 1);
	l.clean(t);
	t.end();
});

void t.test('up, down and carrier follow the real device', (t) => {
	const l = wire();
	vlan(l);
	l.w.must('ip -n A link add link a0 name loose type vlan id 6 loose_binding on');
	l.w.must('ip -n A link set loose up');
	l.w.must('ip -n A link add link a0 name never type vlan id 7');
	l.w.sleep(2);
	t.match(l.show('v'), /<BROADCAST,MULTICAST,UP,LOWER_UP>.* state UP/);
	t.match(l.show('loose'), '<REORDER_HDR,LOOSE_BINDING>');
	l.w.must('ip -n A link set a0 down');
	l.w.sleep(2);
	t.match(l.show('v'), /<BROADCAST,MULTICAST,M-DOWN>.* state DOWN/);
	t.match(l.show('loose'), /<.*,UP.*>/, 'loose: stays up');
	t.match(l.w.sh('ip -n A link set v up'), {
		rc: 2,
		err: 'RTNETLINK answers: Network is down\n',
	});
	l.w.must('ip -n A link set a0 up');
	l.w.sleep(2);
	t.match(l.show('v'), /<BROADCAST,MULTICAST,UP,LOWER_UP>.* state UP/);
	t.match(l.show('never'), /<BROADCAST,MULTICAST,UP,LOWER_UP>/, 'all come up with it');
	l.w.must('ip -n B link set b0 down');
	l.w.sleep(2);
	t.match(l.show('v'), /<NO-CARRIER,BROADCAST,MULTICAST,UP>.* state LOWERLAYERDOWN/);
	l.w.must('ip -n B link set b0 up');
	l.w.sleep(2);
	t.match(l.show('v'), /<BROADCAST,MULTICAST,UP,LOWER_UP>.* state UP/);
	t.equal(l.w.sh(ping).rc, 0);
	l.clean(t);
	t.end();
});

void t.test('the address is that of the real device unless it has its own', (t) => {
	const l = wire();
	vlan(l);
	t.equal(l.mac('v'), '02:00:00:00:00:0a');
	l.w.must('ip -n A link set a0 address 02:00:00:00:00:1a');
	t.equal(l.mac('v'), '02:00:00:00:00:1a');
	t.match(l.show('a0'), 'promiscuity 0');
	t.equal(l.w.sh(ping).rc, 0);
	l.w.must('ip -n A link set v address 02:00:00:00:00:2a');
	t.match(l.show('a0'), 'promiscuity 1', 'a device without filters must take all in');
	t.match(l.w.must('bridge -n A fdb show dev a0'), '02:00:00:00:00:2a self permanent');
	l.w.must('ip -n B neigh flush dev v');
	t.equal(l.w.sh(ping).rc, 0, 'reached by its own address');
	l.w.must('ip -n A link set a0 address 02:00:00:00:00:3a');
	t.equal(l.mac('v'), '02:00:00:00:00:2a');
	l.w.must('ip -n A link set a0 address 02:00:00:00:00:2a');
	t.match(l.show('a0'), 'promiscuity 0', 'the same again');
	l.w.must('ip -n A link set a0 address 02:00:00:00:00:4a');
	t.match(l.show('a0'), 'promiscuity 1');
	l.w.must('ip -n A link set v down');
	t.match(l.show('a0'), 'promiscuity 0');
	t.equal(
		l.w.sh('ip -n A link set v address 01:00:00:00:00:01').rc,
		2,
		'a group is no address',
	);
	l.clean(t);
	t.end();
});

void t.test('promiscuity, all-multicast and groups reach the real device', (t) => {
	const l = wire();
	vlan(l);
	l.w.must('ip -n A link set v promisc on');
	t.match(l.show('v'), /<.*PROMISC.*promiscuity 1 /s);
	t.match(l.show('a0'), 'promiscuity 1');
	l.w.must('ip -n A link set v allmulticast on');
	l.w.must('ip -n A link set v promisc off');
	t.match(l.show('a0'), 'promiscuity 0');
	l.w.must('ip -n A link set v allmulticast off');
	l.w.must('bridge -n A fdb add 01:00:5e:00:00:66 dev v self');
	t.match(l.w.must('bridge -n A fdb show dev a0'), '01:00:5e:00:00:66 self permanent');
	l.w.must('bridge -n A fdb del 01:00:5e:00:00:66 dev v self');
	t.notMatch(l.w.must('bridge -n A fdb show dev a0'), '01:00:5e:00:00:66');
	l.w.must('ip -n A link set v promisc on');
	l.w.must('ip -n A link del v');
	t.match(l.show('a0'), 'promiscuity 0', 'given back');
	l.clean(t);
	t.end();
});

void t.test('refusals', (t) => {
	const l = wire();
	vlan(l);
	for (const [what, err] of [
		['link a0 name x type vlan id 5', 'Error: 8021q: VLAN device already exists.\n'],
		['link a0 name x type vlan id 4095', 'Error: 8021q: Invalid VLAN id.\n'],
		['link a0 name v type vlan id 6', 'RTNETLINK answers: File exists\n'],
		['link a0 name x type vlan', 'Error: 8021q: VLAN properties not specified.\n'],
		['name x type vlan id 6', 'Error: 8021q: link not specified.\n'],
		[
			'link a0 name x address 01:00:00:00:00:01 type vlan id 6',
			'Error: 8021q: Invalid link address.\n',
		],
	])
		t.match(l.w.sh(`ip -n A link add ${what}`), { rc: 2, err }, what);
	t.equal(l.w.sh('ip -n A link show x').rc, 1);
	l.clean(t);
	t.end();
});

void t.test('the real device goes and takes its VLANs along', (t) => {
	const l = wire();
	vlan(l);
	l.w.must('ip -n A link add link v name vv type vlan id 9');
	l.w.must('ip -n A link set v netns B name moved');
	t.match(
		l.show('moved', 'B'),
		/moved@if\d+: .*link-netns A/s,
		'its real device is elsewhere',
	);
	t.equal(l.w.sh('ip -n A link show vv').rc, 0, 'what stands on it stays');
	l.w.must('ip -n A link del a0');
	t.equal(l.w.sh('ip -n B link show moved').rc, 1);
	t.equal(l.w.sh('ip -n A link show vv').rc, 1);
	t.equal(l.w.sh('ip -n B link show v').rc, 1, 'the other end of the pair too');
	l.clean(t);
	t.end();
});

void t.test('a VLAN device as port of a bridge', (t) => {
	const l = wire();
	vlan(l);
	l.w.must('ip -n B addr flush dev v');
	l.w.must('ip -n B link add br0 type bridge');
	l.w.must('ip -n B link set v master br0');
	l.w.must('ip -n B link set br0 up');
	l.w.must('ip -n B addr add 10.0.0.2/24 dev br0');
	const promisc = (dev: string): string => /promiscuity (\d+)/.exec(l.show(dev, 'B'))![1];
	t.same(
		[promisc('v'), promisc('b0')],
		['1', '1'],
		'the port sees all, so its real device must',
	);
	t.equal(l.w.sh(ping).rc, 0);
	t.match(l.w.must('bridge -n B fdb show br br0'), '02:00:00:00:00:0a dev v master br0');
	l.w.must('bridge -n B fdb add 02:00:00:00:00:77 dev v master static');
	l.w.must('ip -n B link set br0 type bridge vlan_filtering 1');
	t.equal(promisc('v'), '0', 'one port: it listens to the static addresses');
	t.match(l.w.must('bridge -n B fdb show dev b0'), '02:00:00:00:00:77 self permanent');
	t.equal(promisc('b0'), '1', 'which its real device cannot filter by');
	t.equal(l.w.sh(ping).rc, 0);
	l.w.must('ip -n B link add d0 type dummy');
	l.w.must('ip -n B link set d0 master br0');
	t.equal(promisc('v'), '1', 'two ports that learn');
	t.notMatch(l.w.must('bridge -n B fdb show dev b0'), '02:00:00:00:00:77');
	l.w.must('ip -n B link set v nomaster');
	t.same([promisc('v'), promisc('b0')], ['0', '0']);
	l.clean(t);
	t.end();
});

void t.test('a VLAN device on a bridge', (t) => {
	const l = wire();
	vlan(l);
	l.w.must('ip -n B link del v');
	l.w.must('ip -n B link add br0 type bridge');
	l.w.must('ip -n B link set b0 master br0');
	l.w.must('ip -n B link set br0 up');
	l.w.must('ip -n B link add link br0 name br0.5 type vlan id 5');
	l.w.must('ip -n B link set br0.5 up');
	l.w.must('ip -n B addr add 10.0.0.2/24 dev br0.5');
	t.equal(l.w.sh(ping).rc, 0);
	l.w.must('ip -n B link set br0 type bridge vlan_filtering 1');
	t.equal(l.w.sh(ping).rc, 1, 'VLAN 5 is nowhere allowed');
	l.w.must('bridge -n B vlan add dev b0 vid 5');
	t.equal(l.w.sh(ping).rc, 1, 'nor on the bridge itself');
	l.w.must('bridge -n B vlan add dev br0 vid 5 self');
	t.equal(l.w.sh(ping).rc, 0);
	l.clean(t);
	t.end();
});

void t.test('a VLAN whose carrier is that of its bridge ports', (t) => {
	const w = new World();
	w.must(
		'sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1',
	);
	w.must('ip link add br0 type bridge vlan_filtering 1 vlan_default_pvid 0');
	for (const i of [1, 2]) {
		w.must(`ip link add p${i} type veth peer name q${i}`);
		w.must(`ip link set p${i} master br0`);
		w.must(`ip link set q${i} up`);
		w.must(`ip link set p${i} up`);
	}
	w.must('ip link set br0 up');
	w.must('ip link add link br0 name b10 type vlan id 10 bridge_binding on');
	w.must('ip link add link br0 name b20 type vlan id 20');
	w.must('ip link set b10 up');
	w.must('ip link set b20 up');
	const up = (dev = 'b10'): boolean => {
		w.sleep(0.01);
		return w.must(`ip link show ${dev}`).includes(',LOWER_UP');
	};
	const after = (cmd: string, is: boolean): void => {
		w.must(cmd);
		t.equal(up(), is, cmd);
	};
	t.match(
		w.must('ip -d link show b10'),
		/vlan protocol 802.1Q id 10 <REORDER_HDR,BRIDGE_BINDING>/,
	);
	t.equal(up(), false, 'no port has the VLAN');
	t.equal(up('b20'), true, 'others have the carrier of the bridge');
	after('bridge vlan add dev br0 vid 10 self', false);
	after('bridge vlan add dev p1 vid 10', true);
	after('ip link set p1 down', false);
	after('ip link set p1 up', true);
	after('ip link set q1 down', false);
	t.equal(up('b20'), true);
	after('bridge vlan add dev p2 vid 10', true);
	after('bridge vlan del dev p2 vid 10', false);
	after('ip link set q1 up', true);
	after('ip link set br0 down', false);
	after('ip link set br0 up', true);
	after('ip link set p1 nomaster', false);
	after('ip link set p1 master br0', false);
	after('bridge vlan add dev p1 vid 10', true);
	/* one that is made when its port is up already */
	w.must('ip link del b10');
	w.must('ip link add link br0 name b10 type vlan id 10 bridge_binding on');
	after('ip link set b10 up', true);
	/* where there is no bridge there is nothing to follow */
	w.must('ip link add link q2 name v10 type vlan id 10 bridge_binding on');
	w.must('ip link set v10 up');
	w.must('ip link del br0');
	t.equal(w.sh('ip link show b10').rc, 1);
	t.same(w.check_leaks(), []);
	t.end();
});
