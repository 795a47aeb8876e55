// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters of /proc/net/snmp, snmp6 and netstat, as nstat shows them, of a - r - b. What each step must leave is what
 * Linux 6.1 counted for the same commands. It counts TcpExtTW when TIME_WAIT begins, 5.10 when it ends. 6.18 says the
 * same but for IpOutRequests, of which packets that are forwarded are no longer part.
 */
import t from 'tap';
import { __dev_get_by_name } from '../../../../net/core/dev.ts';
import { pton6 } from '../lib/address.ts';
import { transmit } from '../lib/craft.ts';
import { fold16, sum16 } from '../lib/packet.ts';
import { World } from '../lib/world.ts';

const NAMES = ['a', 'r', 'b'];

function network(): World {
	const w = new World();
	for (const n of NAMES)
		for (const c of [
			`ip netns add ${n}`,
			`ip netns exec ${n} sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0`,
			`ip netns exec ${n} sysctl -qw net.ipv6.conf.all.router_solicitations=0 net.ipv6.conf.default.router_solicitations=0`,
			`ip -n ${n} link set lo up`,
		])
			w.must(c);
	w.must('ip link add va netns a type veth peer name ra netns r');
	w.must('ip link add vb netns b type veth peer name rb netns r');
	for (const [ns, dev, v4, v6] of [
		['a', 'va', '10.0.1.1', 'fd01::1'],
		['r', 'ra', '10.0.1.2', 'fd01::2'],
		['r', 'rb', '10.0.2.2', 'fd02::2'],
		['b', 'vb', '10.0.2.1', 'fd02::1'],
	]) {
		w.must(`ip -n ${ns} link set ${dev} up`);
		w.must(`ip -n ${ns} addr add ${v4}/24 dev ${dev}`);
		w.must(`ip -n ${ns} addr add ${v6}/64 dev ${dev} nodad`);
	}
	for (const [ns, v4, v6] of [
		['a', '10.0.1.2', 'fd01::2'],
		['b', '10.0.2.2', 'fd02::2'],
	]) {
		w.must(`ip -n ${ns} route add default via ${v4}`);
		w.must(`ip -n ${ns} route add default via ${v6}`);
	}
	w.must('ip netns exec r sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
	w.sleep(3);
	return w;
}

/** What nstat shows: `NAME VALUE` each. */
function shown(w: World, netns: string, args: string): string {
	const { out } = w.sh(`nstat ${args}`, { netns });
	return out
		.split('\n')
		.slice(1, -1)
		.map((l) => l.replace(/^(\S+) +(\d+) +0\.0$/, '$1 $2'))
		.join(' ');
}

/** What is done, which counters are looked at, and what they are in a, r and b since the beginning. */
type step = readonly [(w: World) => void, string, string, string, string];

const inA =
	(...commands: string[]) =>
	(w: World): void => {
		for (const c of commands) w.sh(c, { netns: 'a' });
	};

/** Something listens in b while a sends. */
function talk(listen: string, send: string): (w: World) => void {
	return (w) => {
		const server = w.spawn(listen, { netns: 'b' });
		w.sleep(1);
		w.must(send, { netns: 'a', stdin: 'hello\n' });
		w.kill(server, 'SIGTERM');
		w.wait(server);
	};
}

const IPV4: Readonly<Record<string, step>> = {
	'an echo and its answer, twice': [
		inA('ping -c 2 10.0.2.1'),
		'Ip[IFOR]* Icmp[IOM]* IpExtIn*',
		'IpInReceives 2 IpInDelivers 2 IpOutRequests 2 IcmpInMsgs 2 IcmpInEchoReps 2 IcmpOutMsgs 2 IcmpOutEchos 2 IcmpMsgInType0 2 IcmpMsgOutType8 2 IpExtInOctets 168 IpExtInNoECTPkts 2',
		'IpInReceives 4 IpForwDatagrams 4 IpOutRequests 4 IpExtInOctets 336 IpExtInNoECTPkts 4',
		'IpInReceives 2 IpInDelivers 2 IpOutRequests 2 IcmpInMsgs 2 IcmpInEchos 2 IcmpOutMsgs 2 IcmpOutEchoReps 2 IcmpMsgInType8 2 IcmpMsgOutType0 2 IpExtInOctets 168 IpExtInNoECTPkts 2',
	],
	'a TTL that ends at the router': [
		inA('ping -c 1 -t 1 10.0.2.1'),
		'IpInHdr* IcmpOut* IcmpIn* IcmpMsg*',
		'IcmpInMsgs 3 IcmpInTimeExcds 1 IcmpInEchoReps 2 IcmpOutMsgs 3 IcmpOutEchos 3 IcmpMsgInType0 2 IcmpMsgInType11 1 IcmpMsgOutType8 3',
		'IpInHdrErrors 1 IcmpOutMsgs 1 IcmpOutTimeExcds 1 IcmpMsgOutType11 1',
		'IcmpInMsgs 2 IcmpInEchos 2 IcmpOutMsgs 2 IcmpOutEchoReps 2 IcmpMsgInType8 2 IcmpMsgOutType0 2',
	],
	'no route at the router': [
		inA('ping -c 1 -W 1 10.9.9.9'),
		'IpExtInNo* IpInAddr* IpOutNo* Icmp[IO]*',
		'IcmpInMsgs 4 IcmpInDestUnreachs 1 IcmpInTimeExcds 1 IcmpInEchoReps 2 IcmpOutMsgs 4 IcmpOutEchos 4 IpExtInNoECTPkts 4',
		'IcmpOutMsgs 2 IcmpOutDestUnreachs 1 IcmpOutTimeExcds 1 IpExtInNoRoutes 1 IpExtInNoECTPkts 6',
		'IcmpInMsgs 2 IcmpInEchos 2 IcmpOutMsgs 2 IcmpOutEchoReps 2 IpExtInNoECTPkts 2',
	],
	'fragments there and back': [
		inA('ping -c 1 -s 3000 10.0.2.1'),
		'IpFrag* IpReasm* IpForw* IpInDel*',
		'IpInDelivers 5 IpReasmReqds 3 IpReasmOKs 1 IpFragOKs 1 IpFragCreates 3',
		'IpForwDatagrams 10',
		'IpInDelivers 3 IpReasmReqds 3 IpReasmOKs 1 IpFragOKs 1 IpFragCreates 3',
	],
	'too big to go on': [
		(w) => {
			w.must('ip -n r link set rb mtu 1400');
			inA('ping -c 1 -M do -s 1400 10.0.2.1')(w);
		},
		'IpFrag* Icmp*Dest* IcmpMsg*Type3',
		'IpFragOKs 1 IpFragCreates 3 IcmpInDestUnreachs 2 IcmpMsgInType3 2',
		'IpFragFails 1 IcmpOutDestUnreachs 2 IcmpMsgOutType3 2',
		'IpFragOKs 1 IpFragCreates 3',
	],
	'no UDP socket': [
		(w) => void w.sh('nc -u -w 1 10.0.2.1 9', { netns: 'a', stdin: 'x\n' }),
		'Udp* IcmpMsg*',
		'IcmpMsgInType0 3 IcmpMsgInType3 3 IcmpMsgInType11 1 IcmpMsgOutType8 6 UdpOutDatagrams 1',
		'IcmpMsgOutType3 2 IcmpMsgOutType11 1',
		'IcmpMsgInType8 3 IcmpMsgOutType0 3 IcmpMsgOutType3 1 UdpNoPorts 1',
	],
	'a UDP socket': [
		talk('nc -u -l 7', 'nc -u -w 1 10.0.2.1 7'),
		'Udp*',
		'UdpOutDatagrams 2',
		'',
		'UdpInDatagrams 1 UdpNoPorts 1',
	],
	'no TCP socket': [
		inA('nc -w 1 10.0.2.1 9'),
		'TcpA* TcpP* TcpE* TcpOutR* TcpIn*',
		'TcpActiveOpens 1 TcpAttemptFails 1 TcpInSegs 1',
		'',
		'TcpInSegs 1 TcpOutRsts 1',
	],
	'a TCP connection': [
		talk('nc -l 7', 'nc -N -w 3 10.0.2.1 7'),
		'TcpA* TcpP* TcpE* TcpOutR* TcpRet*',
		'TcpActiveOpens 2 TcpAttemptFails 1 TcpExtTCPPureAcks 1 TcpExtTCPOrigDataSent 2 TcpExtTCPDelivered 3',
		'',
		'TcpPassiveOpens 1 TcpOutRsts 1 TcpExtTCPPureAcks 2 TcpExtTCPOrigDataSent 1 TcpExtTCPDelivered 1',
	],
	'the end of TIME_WAIT': [(w) => void w.sleep(61), 'TcpExtTW*', 'TcpExtTW 1', '', ''],
};

const IPV6: Readonly<Record<string, step>> = {
	'echoes over IPv6': [
		inA('ping -c 2 fd02::1'),
		'Icmp6*Echo* Ip6*Forw* Ip6Frag* Ip6Reasm*',
		'Icmp6InEchoReplies 2 Icmp6OutEchos 2',
		'Ip6OutForwDatagrams 4',
		'Icmp6InEchos 2 Icmp6OutEchoReplies 2',
	],
	'a hop limit that ends at the router': [
		inA('ping -c 1 -t 1 fd02::1'),
		'Ip6InHdr* Icmp6*Time*',
		'Icmp6InTimeExcds 1',
		'Ip6InHdrErrors 1 Icmp6OutTimeExcds 1',
		'',
	],
	'no route at the router, IPv6': [
		inA('ping -c 1 -W 1 fd09::1'),
		'Ip6InNoR* Ip6OutNo* Icmp6*Dest*',
		'Icmp6InDestUnreachs 1',
		'Ip6InNoRoutes 1 Icmp6OutDestUnreachs 1',
		'',
	],
	'fragments there and back, IPv6': [
		inA('ping -c 1 -s 3000 fd02::1'),
		'Ip6Frag* Ip6Reasm*',
		'Ip6ReasmReqds 3 Ip6ReasmOKs 1 Ip6FragOKs 1 Ip6FragCreates 3',
		'',
		'Ip6ReasmReqds 3 Ip6ReasmOKs 1 Ip6FragOKs 1 Ip6FragCreates 3',
	],
	'too big to go on, IPv6': [
		(w) => {
			w.must('ip -n r link set rb mtu 1400');
			inA('ping -c 1 -M do -s 1400 fd02::1')(w);
		},
		'Ip6InTooBig* Ip6FragF* Icmp6*TooBig*',
		'Icmp6InPktTooBigs 1',
		'Ip6InTooBigErrors 1 Ip6FragFails 1 Icmp6OutPktTooBigs 1',
		'',
	],
	'no UDP socket, IPv6': [
		(w) => void w.sh('nc -u -w 1 fd02::1 9', { netns: 'a', stdin: 'x\n' }),
		'Udp6* Icmp6*Dest*',
		'Icmp6InDestUnreachs 1 Udp6OutDatagrams 1',
		'',
		'Icmp6OutDestUnreachs 1 Udp6NoPorts 1',
	],
};

void t.test('IPv4, UDP and TCP, from the beginning', (t) => {
	const w = network();
	for (const [name, [act, patterns, ...counts]] of Object.entries(IPV4)) {
		act(w);
		for (const [i, netns] of NAMES.entries())
			t.equal(shown(w, netns, `-as ${patterns}`), counts[i], `${name}: ${netns}`);
	}
	t.end();
});

/* group reports go out at times of chance: each step by itself */
void t.test('IPv6, since the last time', (t) => {
	const w = network();
	for (const [name, [act, patterns, ...counts]] of Object.entries(IPV6)) {
		for (const netns of NAMES) t.equal(w.must('nstat -n', { netns }), '');
		act(w);
		for (const [i, netns] of NAMES.entries())
			t.equal(shown(w, netns, patterns), counts[i], `${name}: ${netns}`);
	}
	t.end();
});

/** An echo request of `length` bytes in a frame from a to r; all its checksums are right. */
function echo(w: World, v6: boolean, length: number): Uint8Array {
	const l4 = v6 ? 54 : 34;
	const b = new Uint8Array(l4 + length);
	b.set(__dev_get_by_name(w.ns('r'), 'ra')!.dev_addr);
	b.set([2, 0, 0, 0, 0, 0x99], 6);
	if (v6) {
		b.set([0x86, 0xdd, 0x60, 0, 0, 0, 0, length, 58, 64], 12);
		b.set(pton6('fd01::1')!, 22);
		b.set(pton6('fd01::2')!, 38);
	} else {
		b.set([8, 0, 0x45, 0, 0, 20 + length, 0, 1, 0, 0, 64, 1, 0, 0, 10, 0, 1, 1, 10, 0, 1, 2], 12);
		const check = ~fold16(sum16(b, 14, 20)) & 0xffff;
		b.set([check >>> 8, check & 0xff], 24);
	}
	b[l4] = v6 ? 128 : 8;
	const pseudo = v6 ? sum16(b, 22, 32) + length + 58 : 0;
	const check = ~fold16(sum16(b, l4, length, pseudo)) & 0xffff;
	b.set([check >>> 8, check & 0xff], l4 + 2);
	return b;
}

void t.test('messages that are shorter than their header', (t) => {
	const w = network();
	w.must('ping -c 1 fd01::2', { netns: 'a' });
	for (const [v6, patterns, counts] of [
		[
			false,
			'IcmpIn* IcmpOut* IcmpMsg*',
			'IcmpInMsgs 5 IcmpInErrors 4 IcmpInEchos 1 IcmpOutMsgs 1 IcmpOutEchoReps 1 IcmpMsgInType8 1 IcmpMsgOutType0 1',
		],
		[
			true,
			'Icmp6InMsgs Icmp6InErrors Icmp6InEchos Icmp6OutEchoReplies',
			'Icmp6InMsgs 5 Icmp6InErrors 4 Icmp6InEchos 1 Icmp6OutEchoReplies 1',
		],
	] as const) {
		w.must('nstat -n', { netns: 'r' });
		for (let length = 4; length <= 8; length++) transmit(w, 'a', 'va', echo(w, v6, length));
		w.sleep(1);
		t.equal(shown(w, 'r', patterns), counts);
	}
	t.same(w.m.records, [], 'the kernel complains about nothing');
	t.same(w.check_leaks(), []);
	t.end();
});

void t.test('the files and the ways to ask', (t) => {
	const w = network();
	w.must('ping -c 1 10.0.2.1', { netns: 'a' });
	const cat = (file: string): string[] =>
		w.must(`cat /proc/net/${file}`, { netns: 'a' }).split('\n').slice(0, -1);
	t.same(
		cat('snmp').map((l) => l.split(' ')[0]),
		['Ip:', 'Icmp:', 'IcmpMsg:', 'Tcp:', 'Udp:', 'UdpLite:'].flatMap((title) => [title, title]),
	);
	t.equal(cat('snmp')[1], 'Ip: 2 64 1 0 0 0 0 0 1 1 0 0 0 0 0 0 0 0 0');
	t.match(cat('snmp')[7], /^Tcp: 1 200 120000 -1 0 0 /);
	t.same(
		cat('netstat').map((l) => l.split(' ')[0]),
		['TcpExt:', 'TcpExt:', 'IpExt:', 'IpExt:'],
	);
	w.must('ping -c 1 fd02::1', { netns: 'a' });
	t.match(cat('dev_snmp6/va')[0], /^ifIndex {25}\t\d+$/);
	t.ok(cat('dev_snmp6/va').includes('Icmp6OutEchos                   \t1'));
	t.ok(cat('snmp6').includes('Icmp6OutEchos                   \t1'));
	w.must('ip -n a link set va down');
	w.must('ip -n a link set va name vc');
	t.equal(w.sh('cat /proc/net/dev_snmp6/va', { netns: 'a' }).rc, 1);
	t.match(cat('dev_snmp6/vc')[0], /^ifIndex/);

	const a = { netns: 'a' };
	t.equal(
		w.must('nstat -as IcmpOutEchos', a),
		'#kernel\nIcmpOutEchos                    1                  0.0\n',
	);
	t.equal(
		w.must('nstat -zs icmpinecho?', a),
		'#kernel\nIcmpInEchos                     0                  0.0\n',
	);
	t.equal(w.must('nstat -asj Icmp[!6M]*Echo*', a), '{"kernel":{"IcmpInEchoReps":1,"IcmpOutEchos":1}}\n');
	t.equal(w.must('nstat -jp IcmpOutEchos', a), '{\n    "kernel": {\n        "IcmpOutEchos": 1\n    }\n}\n');
	t.equal(w.must('nstat -j IcmpOutEchos', a), '{"kernel":{}}\n', 'shown before');
	t.match(w.must('nstat -r IcmpOutEchos', a), /^IcmpOutEchos +1 /m, 'forgotten');
	const bad = w.sh('nstat -Z', a);
	t.equal(bad.rc, 255);
	t.match(bad.err, /^nstat: invalid option -- 'Z'\nUsage: nstat \[OPTION\]/);
	t.match(w.sh('nstat -d 1', a), { rc: 1, err: 'simns: unsupported: nstat -d 1\n' });
	t.end();
});
