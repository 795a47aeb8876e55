// SPDX-License-Identifier: GPL-2.0-only
/*
 * VRF devices: hosts and a router in one namespace, as the forwarding scripts build them.
 */
import t from 'tap';
import { World } from '../lib/world.ts';

type run = (command: string) => string;

/** h1 (VRF v1) - r1 [router, no VRF] r2 - h2 (VRF v2), the rules as vrf_prepare of the scripts sets them. */
function build(w: World): run {
	w.must('ip netns add T');
	const must: run = (c) => w.must(c, { netns: 'T' });
	must('ip link set lo up');
	for (const f of ['-4', '-6']) {
		must(`ip ${f} rule add pref 32765 table local`);
		must(`ip ${f} rule del pref 0`);
	}
	must('ip link add h1 type veth peer name r1');
	must('ip link add h2 type veth peer name r2');
	for (const i of [1, 2]) {
		must(`ip link add dev v${i} type vrf table ${100 + i}`);
		must(`ip -4 route add table ${100 + i} unreachable default metric 4278198272`);
		must(`ip -6 route add table ${100 + i} unreachable default metric 4278198272`);
		must(`ip link set dev v${i} up`);
		must(`ip link set dev h${i} master v${i}`);
		must(`ip link set dev h${i} up`);
		must(`ip link set dev r${i} up`);
		must(`ip address add 10.0.${i}.2/24 dev h${i}`);
		must(`ip address add 2001:db8:${i}::2/64 dev h${i} nodad`);
		must(`ip address add 10.0.${i}.1/24 dev r${i}`);
		must(`ip address add 2001:db8:${i}::1/64 dev r${i} nodad`);
	}
	must('ip -4 route add 10.0.2.0/24 vrf v1 nexthop via 10.0.1.1');
	must('ip -4 route add 10.0.1.0/24 vrf v2 nexthop via 10.0.2.1');
	must('ip -6 route add 2001:db8:2::/64 vrf v1 nexthop via 2001:db8:1::1');
	must('ip -6 route add 2001:db8:1::/64 vrf v2 nexthop via 2001:db8:2::1');
	must('sysctl -qw net.ipv4.conf.all.forwarding=1 net.ipv6.conf.all.forwarding=1');
	/* a router asks for its neighbours by its link-local address, which is on trial at first */
	w.sleep(3);
	return must;
}

void t.test('tables, rules and what the tools say', (t) => {
	const w = new World();
	const must = build(w);
	t.equal(
		must('ip rule'),
		'1000:\tfrom all lookup [l3mdev-table]\n' +
			'32765:\tfrom all lookup local\n' +
			'32766:\tfrom all lookup main\n' +
			'32767:\tfrom all lookup default\n',
	);
	t.equal(
		must('ip -6 rule'),
		'1000:\tfrom all lookup [l3mdev-table]\n' +
			'32765:\tfrom all lookup local\n' +
			'32766:\tfrom all lookup main\n',
	);
	t.equal(
		must('ip route show vrf v1'),
		'unreachable default metric 4278198272 \n' +
			'10.0.1.0/24 dev h1 proto kernel scope link src 10.0.1.2 \n' +
			'10.0.2.0/24 via 10.0.1.1 dev h1 \n',
	);
	t.equal(
		must('ip route'),
		'10.0.1.0/24 dev r1 proto kernel scope link src 10.0.1.1 \n' +
			'10.0.2.0/24 dev r2 proto kernel scope link src 10.0.2.1 \n',
	);
	t.equal(
		must('ip vrf'),
		'Name              Table\n-----------------------\nv1                 101\nv2                 102\n',
	);
	t.match(must('ip link show dev v1 up'), /: <NOARP,MASTER,UP,LOWER_UP> mtu 65536 .* state UP /);
	const [h1] = JSON.parse(must('ip -j -d link show dev h1')) as Record<string, unknown>[];
	t.match(h1, {
		ifname: 'h1',
		master: 'v1',
		linkinfo: { info_kind: 'veth', info_slave_kind: 'vrf', info_slave_data: { table: 101 } },
	});
	const [v1] = JSON.parse(must('ip -j -d link show dev v1')) as Record<string, unknown>[];
	t.match(v1, { ifname: 'v1', linkinfo: { info_kind: 'vrf', info_data: { table: 101 } } });
	t.match(must('ip route get 10.0.2.2 vrf v1'), /^10\.0\.2\.2 via 10\.0\.1\.1 dev h1 (table 101 )?src 10\.0\.1\.2 uid 0 \n/);
	t.match(must('ip link show vrf v1'), /^\d+: h1@r1: .* master v1 /);
	t.equal(must('sysctl -n net.vrf.strict_mode'), '0\n');
	t.same(w.check_leaks(), []);
	t.end();
});

void t.test('packets', (t) => {
	const w = new World();
	const must = build(w);
	const ping = (vrf: string, ip: string): number =>
		w.sh(`ip vrf exec ${vrf} ping -c 1 -W 1 ${ip}`, { netns: 'T' }).rc;
	for (const ip of ['10.0.1.2', '10.0.1.1', '10.0.2.2', '2001:db8:1::2', '2001:db8:1::1', '2001:db8:2::2'])
		t.equal(ping('v1', ip), 0, `v1 reaches ${ip}`);
	t.equal(ping('v2', '10.0.1.2'), 0);
	t.equal(ping('v2', '2001:db8:1::2'), 0);
	/* the tables do not mix: without forwarding, neither host is reached */
	must('sysctl -qw net.ipv4.conf.all.forwarding=0');
	t.equal(ping('v1', '10.0.2.2'), 1);
	must('sysctl -qw net.ipv4.conf.all.forwarding=1');
	t.equal(w.sh('ping -c 1 -W 1 -I v1 10.0.2.2', { netns: 'T' }).rc, 0, 'bound to the device');
	/* an unreachable default, not the main table */
	must('ip route add 10.9.9.0/24 via 10.0.1.2');
	t.equal(
		w.sh('ip vrf exec v1 ping -c 1 -W 1 10.9.9.9', { netns: 'T' }).err,
		'ping: connect: No route to host\n',
	);

	/* connections: the listener and the caller are each in their VRF */
	const l = w.spawn('ip vrf exec v2 socat TCP-LISTEN:80 STDIO', { netns: 'T', stdin: 'from v2\n' });
	w.sleep(0.1);
	t.equal(
		w.sh('ip vrf exec v1 socat - TCP:10.0.2.2:80', { netns: 'T', stdin: 'from v1\n' }).out,
		'from v2\n',
	);
	t.equal(w.wait(l).out, 'from v1\n');
	/* a socket that is not bound hears nothing from inside a VRF */
	const out = w.spawn('socat TCP-LISTEN:81 STDIO', { netns: 'T', stdin: '' });
	w.sleep(0.1);
	t.match(
		w.sh('ip vrf exec v1 socat - TCP:10.0.2.2:81', { netns: 'T', stdin: '' }).err,
		/Connection refused/,
	);
	w.kill(out);
	const u = w.spawn('ip vrf exec v2 socat -u UDP6-RECV:82 STDOUT', { netns: 'T' });
	w.sleep(0.1);
	w.sh('ip vrf exec v1 socat -u STDIN UDP6-SENDTO:[2001:db8:2::2]:82', { netns: 'T', stdin: 'udp\n' });
	w.sleep(0.1);
	w.kill(u);
	t.equal(w.wait(u).out, 'udp\n');
	t.match(must('ip -s link show v1'), /RX: .*\n +\d{3,} +[1-9]/);
	t.same(w.check_leaks(), []);
	t.end();
});

void t.test('ports come and go', (t) => {
	const w = new World();
	const must = build(w);
	const answer = (c: string): string => w.sh(c, { netns: 'T' }).err;
	t.equal(
		answer('ip link set dev lo master v1'),
		'Error: Can not enslave loopback device to a VRF.\n',
	);
	t.equal(
		answer('ip link set dev v2 master v1'),
		'Error: Can not enslave an L3 master device to a VRF.\n',
	);
	t.equal(answer('ip link add v3 type vrf'), 'Error: VRF table id is missing.\n');
	t.equal(answer('ip link add v3 type vrf table 0'), 'Error: Invalid VRF table id.\n');
	t.equal(answer('ip link set v1 netns 1'), 'RTNETLINK answers: Invalid argument\n');
	t.match(answer('ip vrf exec nosuch true'), /./);
	must('sysctl -qw net.vrf.strict_mode=1');
	t.equal(
		answer('ip link add v3 type vrf table 101'),
		'Error: Table is used by another VRF.\n',
	);
	must('sysctl -qw net.vrf.strict_mode=0');
	must('ip link add v3 type vrf table 101');
	t.not(w.sh('sysctl -qw net.vrf.strict_mode=1', { netns: 'T' }).rc, 0, 'a table is shared');
	must('ip link del v3');
	must('sysctl -qw net.vrf.strict_mode=1');

	/* routes of a port go with it */
	must('ip link set dev h1 nomaster');
	t.match(must('ip route'), /^10\.0\.1\.0\/24 dev h1 /m);
	t.equal(must('ip route show vrf v1'), 'unreachable default metric 4278198272 \n');
	must('ip link set dev h1 master v1');
	t.match(must('ip route show vrf v1'), /^10\.0\.1\.0\/24 dev h1 /m);
	t.notMatch(must('ip route'), /dev h1/);
	must('ip link del h1');
	t.equal(w.sh('ip link show r1', { netns: 'T' }).rc, 1);
	must('ip link del v2');
	t.notMatch(must('ip link show h2'), /master/);
	t.match(must('ip route'), /^10\.0\.2\.0\/24 dev h2 /m);
	t.same(w.check_leaks(), []);
	t.end();
});

void t.test('the hooks see a packet as of the device and as of its port', (t) => {
	const w = new World();
	const must = build(w);
	w.must('nft -f -', {
		netns: 'T',
		stdin:
			'table inet t {\n' +
			'chain pre { type filter hook prerouting priority 0;\n' +
			'iifname "h1" icmp type echo-reply counter\n' +
			'iifname "v1" icmp type echo-reply counter\n' +
			'}\n' +
			'chain in { type filter hook input priority 0;\n' +
			'iifname "v1" icmp type echo-reply counter\n' +
			'}\n' +
			'chain out { type filter hook output priority 0;\n' +
			'oifname "v1" icmp type echo-request counter\n' +
			'oifname "h1" icmp type echo-request counter\n' +
			'}\n' +
			'chain post { type filter hook postrouting priority 0;\n' +
			'oifname "v1" icmp type echo-request counter\n' +
			'oifname "h1" icmp type echo-request counter\n' +
			'}\n}\n',
	});
	must('ip vrf exec v1 ping -c 1 10.0.2.2');
	const counts = [...must('nft list table inet t').matchAll(/([io]ifname "\w+").*packets (\d+) bytes (\d+)/g)];
	t.same(
		counts.map((m) => `${m[1]} ${m[2]} ${m[3]}`),
		[
			'iifname "h1" 1 84',
			'iifname "v1" 1 84',
			'iifname "v1" 1 84',
			'oifname "v1" 1 84',
			'oifname "h1" 1 84',
			'oifname "v1" 1 84',
			'oifname "h1" 1 84',
		],
	);
	t.same(w.check_leaks(), []);
	t.end();
});
