// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bridge: learning, ageing, port states, flooding, groups, MTU, VLAN filtering. What stands behind
 * `=>` is what a kernel with real veth ports delivers for the same steps; without VLAN filtering there
 * the last part follows net/bridge/br_vlan.c.
 */
import t, { type Test } from 'tap';
import { type bridge_lab, lab, run } from './l2.ts';

/** Runs a script on a bridge and compares. */
function play(t: Test, l: bridge_lab, script: string): void {
	run(l, script, (came, meant, line) => t.equal(came, meant, line));
}

/** Entries of the forwarding database in order of address, without groups and `vlan 1`. */
function fdb(l: bridge_lab, how: string): string[] {
	return l.w
		.must(`bridge fdb show ${how}`)
		.split('\n')
		.map((x) => x.trimEnd())
		.filter((x) => x !== '' && !/^(01:00:5e|33:33)|vlan 1 /.test(x))
		.sort();
}

function clean(t: Test, l: bridge_lab): void {
	t.equal(l.w.m.skb_count, 0, 'no packet is left');
	t.same(l.w.m.records, []);
	t.same(l.w.check_leaks(), []);
}

const own = [0, 1, 2, 3].map((i) => `02:aa:00:00:00:0${i} dev p${i} master br0 permanent`);

void t.test('learning: unknown stations by all ports, known ones by theirs', (t) => {
	const l = lab();
	play(t, l, 'tx q0 02 01 => q1 q2 q3');
	t.same(fdb(l, 'br br0'), ['02:00:00:00:00:01 dev p0 master br0', ...own]);
	play(
		t,
		l,
		`tx q1 01 02 => q0
		tx q0 02 01 => q1
		tx q2 01 03 => q0
		tx q0 ff 01 => q1 q2 q3 br0
		tx q0 m1 01 => q1 q2 q3 br0
		tx q0 02:aa:00:00:00:00 01 => br0
		tx q0 02:aa:00:00:00:02 01 => br0!
		tx q0 09 m1 =>
		tx q0 09 00:00:00:00:00:00 =>
		tx q3 02 01 => q1
		tx q1 01 02 => q3
		bridge fdb get 02:00:00:00:00:07 br br0 => 254 Error: Fdb entry not found.`,
	);
	t.equal(
		l.w.must('bridge fdb get 02:00:00:00:00:01 br br0').trim(),
		'02:00:00:00:00:01 dev p3 master br0',
		'the station that spoke elsewhere has moved',
	);
	clean(t, l);
	t.end();
});

void t.test("the bridge's own traffic", (t) => {
	const l = lab();
	play(
		t,
		l,
		`tx q1 09 02 => q0 q2 q3
		tx br0 02 02:aa:00:00:00:00 => q1
		tx br0 09 02:aa:00:00:00:00 => q0 q1 q2 q3
		tx br0 ff 02:aa:00:00:00:00 => q0 q1 q2 q3
		tx br0 m5 02:aa:00:00:00:00 => q0 q1 q2 q3`,
	);
	const s = l.w.must('ip -s link show br0').split('\n');
	t.match(s[5], /^ +240 +4 /, 'four frames of 60 bytes sent');
	clean(t, l);
	t.end();
});

void t.test('link-local groups stay on their segment unless told otherwise', (t) => {
	const l = lab();
	play(
		t,
		l,
		`tx q0 l0 01 => q1 q2 q3 br0
		tx q0 l1 01 =>
		tx q0 l2 01 =>
		tx q0 l3 01 =>
		tx q0 le 04 =>
		tx q1 04 02 => q0
		ip link set br0 type bridge group_fwd_mask 0x4000
		tx q0 le 01 => q1 q2 q3 br0
		tx q0 l3 01 =>
		ip link set br0 type bridge group_fwd_mask 0
		ip link set br0 type bridge group_fwd_mask 1 => 2 RTNETLINK answers: Invalid argument
		ip link set br0 type bridge group_fwd_mask 4 => 2 RTNETLINK answers: Invalid argument
		ip link set p0 type bridge_slave group_fwd_mask 8
		tx q0 l3 01 => q1 q2 q3 br0
		ip link set p0 type bridge_slave group_fwd_mask 2 => 2 RTNETLINK answers: Invalid argument`,
	);
	clean(t, l);
	t.end();
});

void t.test('entries by hand: static, permanent, dynamic, sticky, learnt outside', (t) => {
	const l = lab();
	play(
		t,
		l,
		`tx q0 09 01 => q1 q2 q3
		tx q1 09 02 => q0 q2 q3
		tx q2 09 03 => q0 q1 q3
		bridge fdb add 02:00:00:00:00:07 dev p2 master static
		tx q0 07 01 => q2
		tx q1 09 07 => q0 q2 q3
		tx q0 07 01 => q1
		bridge fdb add 02:00:00:00:00:07 dev p2 master static => 255 RTNETLINK answers: File exists
		bridge fdb add 02:00:00:00:00:08 dev p2 master
		tx q0 08 01 => br0!
		bridge fdb add 02:00:00:00:00:06 dev p2 master dynamic
		tx q0 06 01 => q2
		tx q1 09 06 => q0 q2 q3
		tx q0 06 01 => q1
		bridge fdb add 02:00:00:00:00:05 dev p2 master sticky dynamic
		tx q1 09 05 => q0 q2 q3
		tx q0 05 01 => q2
		bridge fdb add 02:00:00:00:00:05 dev p2 master sticky static => 255 RTNETLINK answers: File exists
		bridge fdb del 02:00:00:00:00:05 dev p1 master => 255 RTNETLINK answers: No such file or directory
		bridge fdb replace 02:00:00:00:00:07 dev p1 master static
		tx q0 07 01 => q1
		bridge fdb append 02:00:00:00:00:17 dev p1 master static
		bridge fdb add 02:00:00:00:00:18 dev q1 master static => 255 RTNETLINK answers: Operation not supported
		bridge fdb add 02:00:00:00:00:18 dev br0 self
		bridge fdb add 02:00:00:00:00:19 dev br0 self dynamic => 255 RTNETLINK answers: Invalid argument
		bridge fdb add 02:00:00:00:00:18 dev br0 self local => 255 RTNETLINK answers: File exists
		bridge fdb add 02:00:00:00:00:1a dev p1 master use dynamic
		bridge fdb add 02:00:00:00:00:1b dev p1 master extern_learn dynamic
		tx q0 18 01 => br0!`,
	);
	t.same(fdb(l, 'br br0'), [
		'02:00:00:00:00:01 dev p0 master br0',
		'02:00:00:00:00:02 dev p1 master br0',
		'02:00:00:00:00:03 dev p2 master br0',
		'02:00:00:00:00:05 dev p2 sticky master br0',
		'02:00:00:00:00:06 dev p1 master br0',
		'02:00:00:00:00:07 dev p1 master br0 static',
		'02:00:00:00:00:08 dev p2 master br0 permanent',
		'02:00:00:00:00:17 dev p1 master br0 static',
		'02:00:00:00:00:18 dev br0 master br0 permanent',
		'02:00:00:00:00:1a dev p1 master br0',
		'02:00:00:00:00:1b dev p1 extern_learn master br0',
		...own,
	]);
	t.same(fdb(l, 'dev br0'), ['02:00:00:00:00:18 master br0 permanent']);
	t.same(fdb(l, 'brport p2'), [
		'02:00:00:00:00:03 master br0',
		'02:00:00:00:00:05 sticky master br0',
		'02:00:00:00:00:08 master br0 permanent',
		'02:aa:00:00:00:02 master br0 permanent',
	]);
	play(t, l, 'ip link set p1 type bridge_slave fdb_flush');
	t.same(fdb(l, 'dev p1'), [
		'02:00:00:00:00:07 master br0 static',
		'02:00:00:00:00:17 master br0 static',
		'02:00:00:00:00:1b extern_learn master br0',
		'02:aa:00:00:00:01 master br0 permanent',
	]);
	play(t, l, 'ip link set br0 type bridge fdb_flush');
	t.same(fdb(l, 'br br0'), [
		'02:00:00:00:00:07 dev p1 master br0 static',
		'02:00:00:00:00:08 dev p2 master br0 permanent',
		'02:00:00:00:00:17 dev p1 master br0 static',
		'02:00:00:00:00:18 dev br0 master br0 permanent',
		...own,
	]);
	play(
		t,
		l,
		`bridge fdb del 02:00:00:00:00:07 dev p1 master
		bridge fdb del 02:00:00:00:00:18 dev br0 self
		tx q0 07 01 => q1 q2 q3
		tx q0 18 01 => q1 q2 q3`,
	);
	clean(t, l);
	t.end();
});

void t.test('ageing', (t) => {
	const l = lab();
	play(
		t,
		l,
		`tx q0 09 01 => q1 q2 q3
		ip link set br0 type bridge ageing_time 100
		sleep 0.5
		tx q1 01 02 => q0
		sleep 0.8
		tx q1 01 02 => q0 q2 q3
		bridge fdb add 02:00:00:00:00:07 dev p2 master static
		sleep 2.5
		tx q1 01 02 => q0 q2 q3
		tx q1 07 02 => q2`,
	);
	t.same(fdb(l, 'br br0'), [
		'02:00:00:00:00:02 dev p1 master br0',
		'02:00:00:00:00:07 dev p2 master br0 static',
		...own,
	]);
	play(
		t,
		l,
		`ip link set br0 type bridge ageing_time 0
		tx q0 09 04 => q1 q2 q3
		tx q1 04 02 => q0 q2 q3`,
	);
	clean(t, l);
	t.end();
});

void t.test('port states', (t) => {
	const l = lab();
	play(
		t,
		l,
		`tx q0 09 01 => q1 q2 q3
		bridge link set dev p1 state 0
		tx q0 09 01 => q2 q3
		tx q1 09 02 =>
		tx br0 ff 02:aa:00:00:00:00 => q0 q2 q3
		bridge link set dev p1 state 2
		tx q0 09 01 => q2 q3
		tx q1 09 02 =>
		tx q2 02 03 =>
		bridge link set dev p1 state 4
		tx q0 09 01 => q1 q2 q3
		bridge link set dev p1 state 3
		tx q0 09 01 => q1 q2 q3
		bridge link set dev p1 state 5 => 255 RTNETLINK answers: Invalid argument
		bridge link set dev p1 state wrong => 255 Error: invalid STP port state
		bridge link set dev p1 state learning
		bridge link set dev q1 state 3 => 255 RTNETLINK answers: Operation not supported
		ip link set p1 type bridge_slave state 3
		ip link set q1 down
		bridge link set dev p1 state 3 => 255 RTNETLINK answers: Network is down`,
	);
	clean(t, l);
	t.end();
});

void t.test('isolated ports talk to others only', (t) => {
	const l = lab();
	play(
		t,
		l,
		`bridge link set dev p0 isolated on
		bridge link set dev p1 isolated on
		tx q0 ff 01 => q2 q3 br0
		tx q2 ff 03 => q0 q1 q3 br0
		tx q1 01 02 =>
		tx br0 ff 02:aa:00:00:00:00 => q0 q1 q2 q3
		tx q0 02:aa:00:00:00:00 01 => br0
		bridge link set dev p0 isolated off
		tx q0 ff 01 => q1 q2 q3 br0`,
	);
	clean(t, l);
	t.end();
});

void t.test('hairpin, flood and learning switches', (t) => {
	const l = lab();
	play(
		t,
		l,
		`bridge link set dev p0 hairpin on
		tx q0 ff 01 => q0 q1 q2 q3 br0
		tx q0 01 05 => q0
		bridge link set dev p0 hairpin off
		tx q0 01 05 =>
		bridge link set dev p1 flood off
		bridge link set dev p2 mcast_flood off
		bridge link set dev p3 bcast_flood off
		tx q0 0f 01 => q2 q3
		tx q0 m7 01 => q1 q3 br0
		tx q0 ff 01 => q1 q2 br0
		tx br0 0f 02:aa:00:00:00:00 => q0 q2 q3
		tx br0 m7 02:aa:00:00:00:00 => q0 q1 q2 q3
		tx br0 ff 02:aa:00:00:00:00 => q0 q1 q2 q3
		bridge link set dev p1 learning off
		tx q1 0f 0c => q0 q2 q3
		tx q0 0c 01 => q2 q3`,
	);
	clean(t, l);
	t.end();
});

void t.test('a backup port stands in for one without carrier', (t) => {
	const l = lab();
	play(
		t,
		l,
		`ip link set p1 type bridge_slave backup_port p2
		tx q1 0f 02 => q0 q2 q3
		tx q0 02 01 => q1
		ip link set q1 down
		sleep 0.2
		tx q0 02 01 => q2
		ip link set q1 up
		sleep 0.2
		tx q0 02 01 => q1
		ip link set p1 type bridge_slave backup_port p1 => 2 RTNETLINK answers: Invalid argument
		ip link set p1 type bridge_slave nobackup_port
		tx q1 0f 02 => q0 q2 q3
		ip link set q1 down
		sleep 0.2
		tx q0 02 01 => q2 q3`,
	);
	t.same(fdb(l, 'dev p1'), ['02:aa:00:00:00:01 master br0 permanent']);
	clean(t, l);
	t.end();
});

void t.test('ports leave and join', (t) => {
	const l = lab();
	play(
		t,
		l,
		`tx q1 0f 02 => q0 q2 q3
		ip link set p1 nomaster
		tx q0 ff 01 => q2 q3 br0
		tx q0 02 01 => q2 q3
		tx q1 ff 02 =>
		ip link set p1 master br0
		tx q0 ff 01 => q1 q2 q3 br0
		ip link add br1 type bridge
		ip link set br1 master br0 => 2 Error: Can not enslave a bridge to a bridge.
		ip link set lo master br0 => 2 RTNETLINK answers: Invalid argument
		ip link set p0 master br1
		tx q0 ff 01 =>
		ip link set p0 nomaster
		ip link set p0 master br0
		tx q0 ff 01 => q1 q2 q3 br0
		ip link del br0
		ip link del br1`,
	);
	t.notMatch(l.w.must('ip link show p0'), 'master');
	t.match(l.w.must('ip -d link show p0'), 'promiscuity 0');
	clean(t, l);
	t.end();
});

void t.test('the address of a bridge is the lowest of its ports unless one was given', (t) => {
	const l = lab();
	const addr = (): string => /link\/ether (\S+)/.exec(l.w.must('ip link show br0'))![1];
	t.equal(addr(), '02:aa:00:00:00:00');
	l.w.must('ip link set p0 nomaster');
	t.equal(addr(), '02:aa:00:00:00:01');
	l.w.must('ip link set p3 address 02:99:00:00:00:00');
	t.equal(addr(), '02:99:00:00:00:00', 'an address of a port changed');
	t.same(fdb(l, 'dev p3'), ['02:99:00:00:00:00 master br0 permanent']);
	play(t, l, 'tx q1 02:99:00:00:00:00 02 => br0');
	l.w.must('ip link set br0 address 02:cc:00:00:00:01');
	l.w.must('ip link set p0 address 02:11:00:00:00:00');
	l.w.must('ip link set p0 master br0');
	t.equal(addr(), '02:cc:00:00:00:01');
	t.same(fdb(l, 'dev br0'), ['02:cc:00:00:00:01 master br0 permanent']);
	play(t, l, 'tx q1 02:cc:00:00:00:01 02 => br0');
	clean(t, l);
	t.end();
});

void t.test('limits of what can be set', (t) => {
	const l = lab();
	play(
		t,
		l,
		`bridge link set dev p1 cost 0
		bridge link set dev p1 cost 65536 => 255 RTNETLINK answers: Numerical result out of range
		bridge link set dev p1 cost 77
		bridge link set dev p1 priority 64 => 255 RTNETLINK answers: Numerical result out of range
		bridge link set dev p1 priority 63
		ip link set br0 type bridge forward_delay 3100
		ip link set br0 type bridge forward_delay 100
		ip link set br0 type bridge hello_time 50 => 2 RTNETLINK answers: Numerical result out of range
		ip link set br0 type bridge hello_time 300
		ip link set br0 type bridge max_age 500 => 2 RTNETLINK answers: Numerical result out of range
		ip link set br0 type bridge max_age 700
		ip link set br0 type bridge priority 4096
		ip link set br0 type bridge vlan_protocol 802.1x => 255 Error: argument "802.1x" is wrong: invalid vlan_protocol
		bridge fdb add zz dev p0 => 255 Invalid mac address zz
		bridge fdb add 02:00:00:00:00:03 => 255 Device and address are required arguments.
		bridge fdb add 02:00:00:00:00:03 dev nope master => 255 Cannot find device "nope"
		bridge link set dev nope state 3 => 255 Cannot find bridge device "nope"
		bridge link set state 3 => 255 Device is a required argument.`,
	);
	t.match(
		l.w.must('bridge link show dev p1'),
		/p1@q1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master br0 state forwarding priority 63 cost 77/,
	);
	t.match(
		l.w.must('ip -d link show br0'),
		/forward_delay 100 hello_time 300 max_age 700 .* priority 4096 .* bridge_id 1000\./,
	);
	clean(t, l);
	t.end();
});

void t.test('MTU and carrier', (t) => {
	const l = lab();
	const br0 = (): string => /<.*state \S+/.exec(l.w.must('ip link show br0'))![0];
	play(
		t,
		l,
		`ip link set p1 mtu 1400
		tx q0 ff 01 1400 => q1 q2 q3 br0
		tx q0 ff 01 1401 => q1 q2 q3 br0
		tx q0 ff 01 1405 => q2 q3 br0`,
	);
	t.match(br0(), 'mtu 1400', 'smallest of the ports');
	play(t, l, 'ip link set p1 mtu 1500');
	t.match(br0(), 'mtu 1500');
	play(t, l, 'ip link set br0 mtu 1300\nip link set p1 mtu 1200');
	t.match(br0(), 'mtu 1300', 'the user decided');
	play(
		t,
		l,
		`ip link set br0 mtu 9000
		tx br0 ff 02:aa:00:00:00:00 1600 =>
		ip link set br0 down
		tx q0 ff 01 =>
		ip link set br0 up
		tx q0 ff 01 => q1 q2 q3 br0`,
	);
	for (let i = 0; i < 4; i++) l.w.must(`ip link set q${i} down`);
	l.w.sleep(2);
	t.match(br0(), /<NO-CARRIER,.*UP> .*state DOWN/, 'no port forwards');
	l.w.must('ip link set q2 up');
	l.w.sleep(2);
	t.match(br0(), /,UP,LOWER_UP> .*state UP/);
	clean(t, l);
	t.end();
});

void t.test('a promiscuous bridge sees what passes through', (t) => {
	const l = lab();
	play(
		t,
		l,
		`tx q1 09 02 => q0 q2 q3
		tx q0 02 01 => q1
		ip link set br0 promisc on
		tx q0 02 01 => q1 br0!
		tx q0 0f 01 => q1 q2 q3 br0!
		ip link set br0 promisc off
		tx q0 02 01 => q1`,
	);
	clean(t, l);
	t.end();
});

void t.test('without filtering tags pass', (t) => {
	const l = lab();
	play(
		t,
		l,
		`tx q0 09 01 @1 => q1@1 q2@1 q3@1
		tx q0 09 01 @0p5 => q1@0p5 q2@0p5 q3@0p5
		tx q1 01 02 @10p6 => q0@10p6
		tx q0 ff 01 @10@20 => q1@10@20 q2@10@20 q3@10@20 br0@10@20
		tx br0 ff 02:aa:00:00:00:00 @10 => q0@10 q1@10 q2@10 q3@10`,
	);
	clean(t, l);
	t.end();
});

/* p0: 1 untagged, 10 tagged; p1: 10 untagged, 1 untagged; p2: 1, 10 to 12 tagged; p3: 1. */
const vlans = `ip link set br0 type bridge vlan_filtering 1
	bridge vlan add dev p0 vid 10
	bridge vlan add dev p1 vid 10 pvid untagged
	bridge vlan add dev p2 vid 10-12`;

void t.test('VLAN filtering: pvid, untagged, tags in and out', (t) => {
	const l = lab();
	play(
		t,
		l,
		`ip link set br0 type bridge vlan_filtering 1
		tx q0 09 01 => q1 q2 q3
		tx q0 09 01 @1 => q1 q2 q3
		tx q0 09 01 @10 =>
		tx q0 09 01 @0 => q1 q2 q3
		tx q0 09 01 @0p5 => q1 q2 q3
		${vlans}
		tx q0 09 01 @10 => q1 q2@10
		tx q1 09 02 => q0@10 q2@10
		tx q1 09 02 @1 => q0 q2 q3
		tx q1 09 02 @10p6 => q0@10p6 q2@10p6
		tx q0 02 01 @10 => q1
		tx q0 02 01 => q1
		tx q2 01 03 @10 => q0@10
		tx q2 01 03 @11 =>
		tx q2 ff 03 @12 =>
		tx br0 ff 02:aa:00:00:00:00 => q0 q1 q2 q3
		tx br0 ff 02:aa:00:00:00:00 @10 =>
		bridge vlan add dev br0 vid 10 self
		tx br0 ff 02:aa:00:00:00:00 @10 => q0@10 q1 q2@10
		tx q0 ff 01 @10 => q1 q2@10 br0@10
		tx q0 02:aa:00:00:00:00 01 @10 => br0@10
		tx q0 02:aa:00:00:00:00 01 @11 =>`,
	);
	t.same(
		l.w
			.must('bridge fdb show br br0')
			.split('\n')
			.map((x) => x.trimEnd())
			.filter((x) => x.startsWith('02:00'))
			.sort(),
		[
			'02:00:00:00:00:01 dev p0 vlan 1 master br0',
			'02:00:00:00:00:01 dev p0 vlan 10 master br0',
			'02:00:00:00:00:02 dev p1 vlan 1 master br0',
			'02:00:00:00:00:02 dev p1 vlan 10 master br0',
			'02:00:00:00:00:03 dev p2 vlan 10 master br0',
			'02:00:00:00:00:03 dev p2 vlan 11 master br0',
			'02:00:00:00:00:03 dev p2 vlan 12 master br0',
		],
		'each VLAN learns for itself',
	);
	play(
		t,
		l,
		`bridge vlan add dev br0 vid 20 self pvid untagged
		tx br0 ff 02:aa:00:00:00:00 =>
		bridge vlan del dev br0 vid 20 self
		tx br0 ff 02:aa:00:00:00:00 =>
		bridge vlan add dev br0 vid 1 self pvid untagged
		tx br0 ff 02:aa:00:00:00:00 => q0 q1 q2 q3
		bridge vlan del dev p1 vid 10
		tx q1 09 02 =>
		bridge vlan add dev p1 vid 0 => 255 RTNETLINK answers: Invalid argument
		bridge vlan add dev p1 vid 4095 => 255 RTNETLINK answers: Invalid argument
		bridge vlan add dev q1 vid 5 => 255 RTNETLINK answers: Operation not supported
		bridge fdb add 02:00:00:00:00:07 dev p2 master static vlan 11
		bridge fdb add 02:00:00:00:00:07 dev p2 master static vlan 44 => 255 RTNETLINK answers: Invalid argument
		bridge fdb del 02:00:00:00:00:07 dev p2 master vlan 11
		bridge fdb del 02:00:00:00:00:07 dev p2 master vlan 11 => 255 RTNETLINK answers: No such file or directory`,
	);
	clean(t, l);
	t.end();
});

void t.test('VLAN filtering: what the tools show', (t) => {
	const l = lab();
	play(t, l, vlans);
	const lines = (s: string): string[] => s.split('\n').filter((x) => x !== '');
	const head = 'port              vlan-id  ';
	t.same(lines(l.w.must('bridge vlan show dev p1')), [
		head,
		'p1                1 Egress Untagged',
		'                  10 PVID Egress Untagged',
	]);
	t.same(
		lines(l.w.must('bridge vlan show dev p2')),
		[
			head,
			'p2                1 PVID Egress Untagged',
			'                  10',
			'                  11',
			'                  12',
		],
		'each VLAN by itself',
	);
	t.same(
		lines(l.w.must('bridge -compressvlans vlan show dev p2')),
		[head, 'p2                1 PVID Egress Untagged', '                  10-12'],
		'ranges',
	);
	t.same(lines(l.w.must('bridge -compressvlans vlan show vid 11')), [
		head,
		'p2                10-12',
	]);
	t.match(l.w.must('ip -d link show br0'), 'vlan_filtering 1 vlan_protocol 802.1Q');
	clean(t, l);
	t.end();
});

void t.test('the default VLAN', (t) => {
	const l = lab();
	play(
		t,
		l,
		`${vlans}
		ip link set br0 type bridge vlan_default_pvid 4095 => 2 RTNETLINK answers: Invalid argument
		ip link set br0 type bridge vlan_default_pvid 5`,
	);
	const show = (dev: string): string =>
		l.w
			.must(`bridge -compressvlans vlan show dev ${dev}`)
			.split('\n')
			.slice(1)
			.map((x) => x.slice(18))
			.join('|');
	t.equal(show('p0'), '5 PVID Egress Untagged|10|');
	t.equal(show('p1'), '1 Egress Untagged|10 PVID Egress Untagged|', 'changed by hand: stays');
	t.equal(show('br0'), '5 PVID Egress Untagged|');
	play(t, l, 'ip link set br0 type bridge vlan_default_pvid 0');
	t.equal(show('p0'), '10|');
	t.equal(show('p3'), '');
	play(t, l, 'ip link set br0 type bridge vlan_default_pvid 1');
	t.equal(show('p3'), '1 PVID Egress Untagged|');
	clean(t, l);
	t.end();
});

void t.test('802.1ad: the other kind of tag is payload', (t) => {
	const l = lab();
	play(
		t,
		l,
		`${vlans}
		ip link set br0 type bridge vlan_protocol 802.1ad
		tx q0 ff 01 @10 => q1@10 q2@10 q3@10 br0@10
		tx q0 ff 01 ^10 => q1 q2^10
		tx q0 ff 01 ^1@10 => q1@10 q2@10 q3@10 br0@10
		tx q0 l0 01 => q1 q2 q3 br0
		tx q0 l1 01 =>
		tx q0 l8 01 =>
		tx q0 ld 01 => q1 q2 q3 br0
		tx q0 l2 01 =>
		ip link set br0 type bridge vlan_protocol 802.1Q
		tx q0 ff 01 ^10 => q1^10 q2^10 q3^10 br0^10
		tx q0 ff 01 @10^10 => q1^10 q2@10^10`,
	);
	clean(t, l);
	t.end();
});

void t.test('a promiscuous bridge sees VLANs that it has no part in', (t) => {
	const l = lab();
	play(
		t,
		l,
		`${vlans}
		tx q2 ff 03 @11 =>
		ip link set br0 promisc on
		tx q2 ff 03 @11 => br0@11
		ip link set br0 promisc off
		tx q2 ff 03 @11 =>`,
	);
	clean(t, l);
	t.end();
});
