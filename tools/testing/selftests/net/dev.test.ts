// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices: names, namespaces, counters, promiscuity, offload switches, the walk down a stack of devices.
 * Messages and counts are those of iproute2 and of a kernel with real veth devices; where later kernels
 * differ, those of Linux 5.10.
 */
import t, { type Test } from 'tap';
import {
	DEV_PATH_BRIDGE,
	DEV_PATH_ETHERNET,
	DEV_PATH_VLAN,
	netdev_priv,
	net_device_path_stack,
} from '../../../../include/linux/netdevice.ts';
import { CHECKSUM_PARTIAL, type sk_buff } from '../../../../include/linux/skbuff.ts';
import { __dev_get_by_name, dev_fill_forward_path } from '../../../../net/core/dev.ts';
import type { veth_priv } from '../drivers/net/veth.ts';
import { sum16, fold16 } from '../lib/packet.ts';
import { World } from '../lib/world.ts';
import { frame, mac, send } from './l2.ts';

/** A world without IPv6 traffic and with a pair va, vb. */
function pair(): World {
	const w = new World();
	for (const c of ['all', 'default'])
		w.must(`sysctl -q -w net.ipv6.conf.${c}.disable_ipv6=1`);
	w.must('ip netns add N');
	for (const c of ['all', 'default'])
		w.must(`ip netns exec N sysctl -q -w net.ipv6.conf.${c}.disable_ipv6=1`);
	w.must('ip link add va type veth peer name vb');
	return w;
}

function clean(t: Test, w: World): void {
	t.equal(w.m.skb_count, 0, 'no packet is left');
	t.same(w.m.records, []);
	t.same(w.check_leaks(), []);
}

/** Runs commands and compares `exit code and errors`. */
function says(t: Test, w: World, lines: readonly [string, string][]): void {
	for (const [what, meant] of lines) {
		const r = w.sh(what);
		t.equal(`${r.rc} ${r.err.trim()}`.trim(), meant, what);
	}
}

const ANSWER = '2 RTNETLINK answers:';

void t.test('names and MTU', (t) => {
	const w = pair();
	says(t, w, [
		['ip link set va name vb', `${ANSWER} File exists`],
		[
			'ip link set va name a/b',
			'255 Error: argument "a/b" is wrong: "name" not a valid ifname',
		],
		[
			'ip link set va name 0123456789abcdef',
			'255 Error: argument "0123456789abcdef" is wrong: "name" not a valid ifname',
		],
		['ip link set va name 0123456789abcde', '0'],
		['ip link set 0123456789abcde name va', '0'],
		['ip link set va up', '0'],
		['ip link set va name vx', `${ANSWER} Device or resource busy`],
		['ip link set va down', '0'],
		['ip link set va name vx', '0'],
		['ip link show va', '1 Device "va" does not exist.'],
		['ip link set vx name va', '0'],
		['ip link set va mtu 67', '2 Error: mtu less than device minimum.'],
		['ip link set va mtu 65536', '2 Error: mtu greater than device maximum.'],
		['ip link set va mtu 68', '0'],
		['ip link del lo', `${ANSWER} Operation not supported`],
		['ip link add va type dummy', `${ANSWER} File exists`],
		['ip link add type veth', '0'],
		['ip link show veth1', '0'],
		['ip link del veth0', '0'],
		['ip link show veth1', '1 Device "veth1" does not exist.'],
	]);
	clean(t, w);
	t.end();
});

void t.test('a device moves to another namespace', (t) => {
	const w = pair();
	w.must('ip link add br0 type bridge');
	w.must('ip link set va up');
	w.must('ip link set vb up');
	w.must('ip addr add 10.0.0.1/24 dev va');
	w.must('ip link set va promisc on');
	says(t, w, [
		['ip link set lo netns N', `${ANSWER} Invalid argument`],
		['ip link set br0 netns N', `${ANSWER} Invalid argument`],
		[
			'ip link set va netns nope',
			'255 Error: argument "nope" is wrong: Invalid "netns" value',
		],
		['ip link set va netns N', '0'],
		['ip link show va', '1 Device "va" does not exist.'],
	]);
	const there = w.must('ip -n N addr show va');
	t.match(there, /va@if\d+: <BROADCAST,MULTICAST,PROMISC> /, 'down');
	t.notMatch(there, '10.0.0.1', 'without its addresses');
	t.equal(w.must('ip route'), '');
	t.match(w.must('ip link show vb'), /<NO-CARRIER,BROADCAST,MULTICAST,UP>.*\n.*link-netns N/);
	w.must('ip link set vb down');
	w.must('ip link set vb name va');
	says(t, w, [
		['ip link set va netns N', `${ANSWER} Invalid argument`],
		['ip link set va netns N name lo', `${ANSWER} File exists`],
		[
			'ip link set va netns N name a/b',
			'255 Error: argument "a/b" is wrong: "name" not a valid ifname',
		],
		['ip link set va netns N name vx', '0'],
		['ip -n N link set vx up', '0'],
		['ip -n N link set va up', '0'],
		['ip -n N link set lo up', '0'],
	]);
	t.match(w.must('ip -n N link show vx'), /vx@va: <BROADCAST,MULTICAST,UP,LOWER_UP>/);
	w.must('ip -n N link add br1 type bridge');
	w.must('ip -n N link set vx master br1');
	w.must('ip netns add O');
	w.must('ip -n N link set vx netns O');
	t.equal(w.must('bridge -n N link'), '', 'no longer a port');
	t.notMatch(w.must('ip -n O link show vx'), 'master');
	t.match(w.must('ip -d -n O link show vx'), 'promiscuity 0');
	w.must('ip netns del N');
	w.sleep(1);
	t.equal(w.sh('ip -n O link show vx').rc, 1, 'its peer went with the namespace, and it too');
	clean(t, w);
	t.end();
});

void t.test('promiscuity counts its users', (t) => {
	const w = pair();
	const show = (): string => w.must('ip -d link show va');
	w.must('ip link set va up');
	w.must('ip link set vb up');
	w.must('ip link set va promisc on');
	t.match(show(), /,PROMISC,.*promiscuity 1 /s);
	w.must('ip link set va promisc on');
	t.match(show(), 'promiscuity 1', 'one user is one user');
	w.must('ip link add br0 type bridge');
	w.must('ip link set va master br0');
	t.match(show(), 'promiscuity 2');
	w.must('bridge fdb add 02:00:00:00:00:44 dev va self');
	t.match(show(), 'promiscuity 3', 'an address it cannot filter by');
	w.must('ip link set va promisc off');
	t.match(show(), 'promiscuity 2');
	t.notMatch(show(), 'PROMISC', 'users in the kernel do not show as a flag');
	w.must('bridge fdb del 02:00:00:00:00:44 dev va self');
	w.must('ip link set va nomaster');
	t.match(show(), 'promiscuity 0');
	w.must('ip link set va allmulticast on');
	t.match(show(), ',ALLMULTI,');
	w.must('ip link set va allmulticast off multicast off');
	t.notMatch(show(), 'MULTI');
	clean(t, w);
	t.end();
});

void t.test('counters', (t) => {
	const w = pair();
	w.must('ip link set va up');
	w.must('ip link set vb up');
	w.sleep(1);
	const count = (dev: string, line: number): number[] =>
		w.must(`ip -s link show ${dev}`).split('\n')[line].trim().split(/\s+/).map(Number);
	const [rx, tx] = [3, 5];
	send(w, w.init_net, 'va', frame('02', '01', '', 86));
	t.same(count('va', tx).slice(0, 4), [100, 1, 0, 0]);
	t.same(count('vb', rx).slice(0, 4), [100, 1, 0, 1], 'no protocol took it');
	w.must('ip link set vb down');
	send(w, w.init_net, 'va', frame('02', '01', '', 86));
	t.same(count('va', tx).slice(0, 4), [100, 1, 0, 0], 'no carrier: the noop queue drops, uncounted');
	w.must('ip link add d0 type dummy');
	w.must('ip link set d0 up');
	send(w, w.init_net, 'd0', frame('02', '01', '', 186));
	t.same(count('d0', tx).slice(0, 2), [200, 1]);
	w.must('ip -n N link set lo up');
	w.must('ip netns exec N ping -c 1 -q 127.0.0.1');
	const lo = w.must('ip -n N -s link show lo').split('\n');
	t.match(lo[rx], /^ +168 +2 /, 'request and answer without link headers');
	t.match(lo[tx], /^ +168 +2 /);
	clean(t, w);
	t.end();
});

/** One packet as the wire saw it. */
interface sample {
	len: number;
	partial: boolean;
	good: boolean;
}

/** TCP from va to vb in N; what va sent meanwhile. */
function tcp(w: World): sample[] {
	const out: sample[] = [];
	const va = __dev_get_by_name(w.init_net, 'va')!;
	netdev_priv<veth_priv>(va).tamper = (skb: sk_buff) => {
		const { head, data } = skb;
		if (head[data + 23] !== 6) return true;
		const b = Uint8Array.from({ length: skb.len }, (_, i) => head[data + i]);
		const n = skb.len - 34;
		if (skb.data_len === 0) {
			const pseudo = sum16(b, 26, 8, 6 + n);
			out.push({
				len: skb.len,
				partial: skb.ip_summed === CHECKSUM_PARTIAL,
				good:
					fold16(sum16(b, 34, n, pseudo)) === 0xffff ||
					fold16(sum16(b, 34, n, pseudo)) === 0,
			});
		} else
			out.push({
				len: skb.len,
				partial: skb.ip_summed === CHECKSUM_PARTIAL,
				good: false,
			});
		return true;
	};
	w.write_file('/data', 'x'.repeat(40000));
	const server = w.spawn('nc -l -p 5000 > /got', { netns: 'N' });
	w.sleep(0.1);
	w.must('nc -N 10.0.0.2 5000 < /data');
	w.wait(server);
	if (w.read_file('/got').length !== 40000) throw new Error('lost data');
	return out;
}

void t.test('what links say of themselves, and what a port costs by it', (t) => {
	const w = pair();
	for (const d of ['va', 'vb']) w.must(`ip link set ${d} up`);
	const said = `	Supported ports: [  ]
	Supported link modes:   Not reported
	Supported pause frame use: No
	Supports auto-negotiation: No
	Supported FEC modes: Not reported
	Advertised link modes:  Not reported
	Advertised pause frame use: No
	Advertised auto-negotiation: No
	Advertised FEC modes: Not reported
`;
	const veth = `${said}	Speed: 10000Mb/s
	Duplex: Full
	Auto-negotiation: off
	Port: Twisted Pair
	PHYAD: 0
	Transceiver: internal
	MDI-X: Unknown
	Link detected: yes
`;
	t.equal(w.must('ethtool va'), `Settings for va:\n${veth}`);
	w.must('ip link add link va name v7 type vlan id 7');
	w.must('ip link set v7 up');
	t.equal(w.must('ethtool v7'), `Settings for v7:\n${veth}`, 'of the real device');
	t.match(
		w.must('ethtool -i v7'),
		/^driver: 802\.1Q VLAN Support\nversion: 1\.8\nfirmware-version: N\/A\n/,
	);
	w.must('ip link add br0 type bridge');
	w.must('ip link add d0 type dummy');
	w.must('ip link set br0 up');
	t.equal(w.must('ethtool lo'), 'Settings for lo:\n\tLink detected: no\n');
	w.must('ip link set lo up');
	t.equal(w.must('ethtool lo'), 'Settings for lo:\n\tLink detected: yes\n');
	const dummy = w.sh('ethtool d0');
	t.same([dummy.rc, dummy.out], [75, 'No data available\n'], 'a dummy cannot tell');
	const nosuch = w.sh('ethtool nosuch');
	t.same([nosuch.rc, nosuch.out], [75, 'No data available\n']);
	t.equal(nosuch.err.split('\n').length, 11, 'each of five requests is refused');
	w.must('sysctl -q net.ipv6.conf.all.disable_ipv6=0');
	const short = '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 state UNKNOWN qlen 1000\n';
	t.ok(w.must('ip -6 addr').startsWith(short), 'a list of IPv6 is short');
	t.ok(
		w
			.must('ip -6 addr show dev lo')
			.startsWith(short.replace('state', 'qdisc noqueue state').replace('qlen', 'group default qlen')),
		'one link is told of in full',
	);
	const speed = (): string => /Speed: (.*)/.exec(w.must('ethtool br0'))![1];
	t.equal(speed(), 'Unknown!');
	for (const d of ['d0', 'v7', 'vb']) w.must(`ip link set ${d} master br0`);
	w.must('ip link set d0 up');
	w.sleep(2);
	t.equal(speed(), '10000Mb/s', 'as its ports');
	t.match(
		w.must('ethtool br0'),
		'Duplex: Unknown! (255)\n\tAuto-negotiation: off\n\tPort: Other',
	);
	t.notMatch(w.must('ethtool br0'), 'MDI-X');
	const cost = (d: string): string =>
		/cost (\d+)/.exec(w.must(`bridge link show dev ${d}`))![1];
	t.same([cost('vb'), cost('v7'), cost('d0')], ['2', '2', '100']);
	t.end();
});

void t.test('offload switches change what is on the wire', (t) => {
	const w = pair();
	w.must('ip link set vb netns N');
	w.must('ip addr add 10.0.0.1/24 dev va');
	w.must('ip -n N addr add 10.0.0.2/24 dev vb');
	w.must('ip link set va up');
	w.must('ip -n N link set vb up');
	const feature = (name: string): string =>
		new RegExp(`^\\s*${name}: (.*)$`, 'm').exec(w.must('ethtool -k va'))![1];
	t.match(w.must('ethtool -i va'), /^driver: veth\nversion: 1\.0\n/);
	t.match(w.must('ethtool -i va'), 'supports-statistics: yes');
	const peer = /^(\d+): vb@/m.exec(w.must('ip -n N link show vb'))![1];
	t.equal(
		w.must('ethtool -S va'),
		`NIC statistics:
     peer_ifindex: ${peer}
     rx_queue_0_xdp_packets: 0
     rx_queue_0_xdp_bytes: 0
     rx_queue_0_drops: 0
     rx_queue_0_xdp_redirect: 0
     rx_queue_0_xdp_drops: 0
     rx_queue_0_xdp_tx: 0
     rx_queue_0_xdp_tx_errors: 0
     tx_queue_0_xdp_xmit: 0
     tx_queue_0_xdp_xmit_errors: 0
`,
	);
	t.match(w.sh('ethtool --statistics lo'), { rc: 94, err: 'no stats available\n' });
	t.match(w.sh('ethtool -S none'), {
		rc: 96,
		err: 'Cannot get stats strings information: No such device\n',
	});
	t.match(w.sh('ethtool -i none'), {
		rc: 71,
		err: 'Cannot get driver information: No such device\n',
	});
	let s = tcp(w);
	t.ok(
		s.some((x) => x.len > 1514),
		'large packets go through a veth as they are',
	);
	t.ok(
		s.every((x) => x.partial),
		'and nobody computes a checksum',
	);

	w.must('ethtool -K va tso off');
	t.equal(feature('tcp-segmentation-offload'), 'off');
	s = tcp(w);
	t.equal(Math.max(...s.map((x) => x.len)), 1514, 'segments');
	t.ok(s.some((x) => x.len === 1514));

	w.must('ethtool -K va tx off');
	t.equal(feature('tx-checksumming'), 'off');
	s = tcp(w);
	t.equal(Math.max(...s.map((x) => x.len)), 1514);
	t.ok(
		s.every((x) => !x.partial),
		'checksums are complete',
	);
	t.ok(
		s.filter((x) => x.len < 100).every((x) => x.good),
		'and right',
	);

	w.must('ethtool -K va tx on tso on');
	t.ok(
		tcp(w).some((x) => x.len > 1514),
		'back',
	);
	w.must('ethtool -K va sg off');
	t.equal(feature('tcp-segmentation-offload'), 'off', 'needs scatter-gather');
	t.equal(feature('generic-segmentation-offload'), 'off [requested on]', 'this too');
	s = tcp(w);
	t.equal(Math.max(...s.map((x) => x.len)), 1514);
	clean(t, w);
	t.end();
});

void t.test('the walk down a stack of devices', (t) => {
	const w = pair();
	w.must('ip link add br0 type bridge');
	w.must('ip link set va master br0');
	for (const d of ['va', 'vb', 'br0']) w.must(`ip link set ${d} up`);
	w.must('ip link add link br0 name v5 type vlan id 5');
	w.must('ip link add link v5 name v6 type vlan proto 802.1ad id 6');
	w.must('bridge fdb add 02:00:00:00:00:77 dev va master static');
	const walk = (dev: string, addr: string): unknown => {
		const stack = new net_device_path_stack();
		const rc = dev_fill_forward_path(
			__dev_get_by_name(w.init_net, dev)!,
			mac(addr),
			stack,
		);
		if (rc < 0) return rc;
		return stack.path.slice(0, stack.num_paths).map((p) => [p.type, p.dev!.name]);
	};
	t.same(walk('va', '77'), [[DEV_PATH_ETHERNET, 'va']]);
	t.same(walk('v6', '77'), [
		[DEV_PATH_VLAN, 'v6'],
		[DEV_PATH_VLAN, 'v5'],
		[DEV_PATH_BRIDGE, 'br0'],
		[DEV_PATH_ETHERNET, 'va'],
	]);
	t.equal(walk('v5', '78'), -1, 'the bridge does not know the station');
	clean(t, w);
	t.end();
});
