// SPDX-License-Identifier: GPL-2.0-only
/*
 * The recorded scenarios, each on the simulator: routed, bridged, with VLANs, DNAT, IPv6, MTUs, TCP closing,
 * a device that goes down, a station that moves, idle flows.
 */
import { __dev_get_by_name, dev_get_stats } from '../../../../net/core/dev.ts';
import { rtnl_link_stats64 } from '../../../../include/linux/netdevice.ts';
import { pipe } from '../lib/file.ts';
import type { process, Task } from '../lib/process.ts';
import { NSEC_PER_SEC } from '../lib/process.ts';
import { M_BR, M_NS1, type mode, scenario, type speed } from './scenario.ts';

/** A scenario by the recording's name without `-classic` and `-flow`. */
export interface scenario_entry {
	name: string;
	modes: readonly mode[];
	run: (m: mode, seed: number, how?: speed) => scenario;
}

function s1(m: mode, seed: number, how?: speed): scenario {
	const s = new scenario('s1-routed', m, seed, how);
	s.links();
	s.addr_routed();
	s.rules('veth0, veth1');
	s.capture('veth0', 'veth1');
	s.traffic();
	s.finish('veth0', 'veth1');
	return s;
}

function bridged(name: string, devices: string) {
	return (m: mode, seed: number, how?: speed): scenario => {
		const s = new scenario(name, m, seed, how);
		s.links();
		s.bridge_up('veth0');
		s.addr_bridge();
		s.extra_devices = ['br0'];
		s.rules(devices);
		s.snat();
		s.capture('veth0', 'br0', 'veth1');
		s.traffic();
		s.finish('veth0', 'br0', 'veth1');
		return s;
	};
}

function s4(m: mode, seed: number, how?: speed): scenario {
	const s = new scenario('s4-bridge-vlan', m, seed, how);
	s.links();
	s.w.must('ip -n nsr1 link add link veth0 name veth0.10 type vlan id 10');
	s.w.must('ip -n nsr1 link set veth0.10 up');
	s.w.must('ip -n ns1 link add link eth0 name eth0.10 type vlan id 10');
	s.w.must('ip -n ns1 link set eth0.10 up');
	s.bridge_up('veth0.10');
	s.addr_bridge('eth0.10');
	s.extra_devices = ['br0'];
	s.rules('veth0, veth1');
	s.snat();
	s.capture('veth0', 'veth0.10', 'br0', 'veth1');
	s.traffic();
	s.finish('veth0', 'veth0.10', 'br0', 'veth1');
	return s;
}

function s5(m: mode, seed: number, how?: speed): scenario {
	const s = new scenario('s5-qinq-bridge', m, seed, how);
	s.links();
	for (const [ns, dev] of [
		['nsr1', 'veth0'],
		['ns1', 'eth0'],
	]) {
		s.w.must(`ip -n ${ns} link add link ${dev} name ${dev}.s10 type vlan proto 802.1ad id 10`);
		s.w.must(`ip -n ${ns} link add link ${dev}.s10 name ${dev}.c20 type vlan id 20`);
		s.w.must(`ip -n ${ns} link set ${dev}.s10 up`);
		s.w.must(`ip -n ${ns} link set ${dev}.c20 up`);
	}
	s.bridge_up('veth0.c20');
	s.addr_bridge('eth0.c20');
	s.extra_devices = ['br0'];
	s.rules('veth0, veth1');
	s.snat();
	s.capture('veth0', 'veth0.s10', 'veth0.c20', 'br0', 'veth1');
	s.traffic();
	s.finish('veth0', 'veth0.s10', 'veth0.c20', 'br0', 'veth1');
	return s;
}

function s6(m: mode, seed: number, how?: speed): scenario {
	const s = new scenario('s6-dnat', m, seed, how);
	s.links();
	s.addr_routed();
	s.rules('veth0, veth1');
	s.nft(`table ip nat { chain pre { type nat hook prerouting priority -100; ip daddr 10.6.6.6 tcp dport 1666 counter dnat to 10.0.2.99:12345; ip daddr 10.6.6.6 udp dport 1667 counter dnat to 10.0.2.99:12346
 }
}
`);
	s.capture('veth0', 'veth1');
	s.n1('ping -c1 -W2 10.0.2.99');
	s.all_counters('base_');
	s.server_port = 12346;
	s.port_suffix = '1';
	s.udpx('udp', '10.6.6.6', 1667, 20, 100);
	s.server_port = 12345;
	s.tcpx('tcp', '10.6.6.6', 1666);
	s.server_port = 0;
	s.ct('after');
	s.kv('tcp_ct', s.ct_line(/tcp.*dport=1666 /));
	s.all_counters('');
	s.finish('veth0', 'veth1');
	return s;
}

function s7a(m: mode, seed: number, how?: speed): scenario {
	const s = new scenario('s7a-v6-routed', m, seed, how);
	s.link_local_mode = 0;
	s.links();
	s.addr6_routed();
	s.rules('veth0, veth1');
	s.capture('veth0', 'veth1');
	s.traffic();
	s.finish('veth0', 'veth1');
	return s;
}

function mtu(name: string, router0: number, link1: number, advmss: number, big: number) {
	return (m: mode, seed: number, how?: speed): scenario => {
		const s = new scenario(name, m, seed, how);
		s.links();
		s.addr_routed();
		s.w.must(`ip -n nsr1 link set veth0 mtu ${router0}`);
		s.w.must(`ip -n ns1 link set eth0 mtu ${router0}`);
		s.w.must(`ip -n nsr1 link set veth1 mtu ${link1}`);
		s.w.must(`ip -n ns2 link set eth0 mtu ${link1}`);
		for (const line of s.sh('ip -n ns2 route show').out.split('\n'))
			if (line !== '') s.sh(`ip -n ns2 route change ${line.trim()} advmss ${advmss}`);
		s.rules('veth0, veth1');
		s.capture('veth0', 'veth1');
		s.n1(`ping -c 1 -W 2 ${s.a2}`);
		s.all_counters('base_');
		s.port_suffix = '1';
		s.udpx('udpsmall', s.a2, 5201, 6, 100);
		s.udpx('udpbig_df', s.a2, 5201, 8, big, '-D 1');
		s.n1('ip route flush cache');
		s.port_suffix = '2';
		s.udpx('udpbig_nodf', s.a2, 5202, 8, big, '-D 3');
		s.port_suffix = '';
		s.kv('udp_fwd_o', s.cnt('fwd_udp_o'));
		s.kv('udp_fwd_r', s.cnt('fwd_udp_r'));
		s.files.set('ns1-route-after-udp.txt', s.n1(`ip route get ${s.a2}`).out);
		s.n1('ip route flush cache');
		s.n1('sysctl -qw net.ipv4.ip_no_pmtu_disc=0');
		s.n2('sysctl -qw net.ipv4.ip_no_pmtu_disc=0');
		s.tcpx('tcp_pmtud', s.a2, 5301);
		s.kv('tcp_pmtud_fwd_o', s.cnt('fwd_tcp_o'));
		s.kv('tcp_pmtud_fwd_r', s.cnt('fwd_tcp_r'));
		s.files.set('ns1-route-after-tcp.txt', s.n1(`ip route get ${s.a2}`).out);
		s.n1('ip route flush cache');
		s.n1('sysctl -qw net.ipv4.ip_no_pmtu_disc=1');
		s.n2('sysctl -qw net.ipv4.ip_no_pmtu_disc=1');
		s.tcpx('tcp_nopmtud', s.a2, 5302);
		s.kv('tcp_nopmtud_ct', s.ct_line(/tcp.*dport=5302 /));
		s.all_counters('');
		s.end_capture();
		const lines = (dev: string, filter: string): number =>
			s.w.must(`tcpdump -nn -r /s/${dev}.pcap '${filter}'`).split('\n').length - 1;
		s.kv('icmp_toobig_veth0', lines('veth0', 'icmp[0]=3 and icmp[1]=4'));
		s.kv('ip_frags_veth1', lines('veth1', 'ip[6:2] & 0x3fff != 0'));
		s.finish('veth0', 'veth1');
		return s;
	};
}

function s9(end: 'fin' | 'rst') {
	return (m: mode, seed: number, how?: speed): scenario => {
		const s = new scenario(`s9-tcp-${end}`, m, seed, how);
		const snap = (what: string): void => {
			s.kv(`ct_${what}`, s.ct_line(/tcp.*dport=5301 /));
			s.kv(`fwd_${what}`, `${s.cnt('fwd_tcp_o')}/${s.cnt('fwd_tcp_r')}`);
		};
		s.links();
		s.bridge_up('veth0');
		s.addr_bridge();
		s.extra_devices = ['br0'];
		s.rules('veth0, veth1');
		s.snat();
		s.capture('veth0', 'veth1');
		s.n1(`ping -c1 -W2 ${s.a2}`);
		let l = s.w.spawn('ip netns exec ns2 ot tsrv -t 12 5301');
		s.w.sleep(0.5);
		let c = s.w.spawn(
			`ip netns exec ns1 ot tcli ${end === 'rst' ? '-R' : ''} -p 4001 -i 20 -t 2 ${s.a2} 5301 200 20`,
		);
		s.w.sleep(1.6);
		snap('established');
		const cli = s.w.wait(c);
		for (let i = 0; i < 6; i++) {
			snap(`after_close_${i}s`);
			s.w.sleep(1);
		}
		const srv = s.w.wait(l);
		s.kv_lines(cli.out);
		s.kv_lines(srv.out);
		/* a new connection between the very same ports */
		l = s.w.spawn('ip netns exec ns2 ot tsrv -t 8 5301');
		s.w.sleep(0.5);
		c = s.w.spawn(`ip netns exec ns1 ot tcli -p 4001 -i 20 -t 1 ${s.a2} 5301 200 10`);
		s.w.sleep(1.2);
		snap('again_established');
		const again = s.w.wait(c);
		s.w.sleep(0.3);
		snap('again_closed');
		const srv2 = s.w.wait(l);
		s.kv_lines(again.out.split('\n')[0], 'again_');
		s.kv_lines(srv2.out, 'again_');
		s.all_counters('');
		s.finish('veth0', 'veth1');
		return s;
	};
}

function stats_of(p: process, dev: string): rtnl_link_stats64 | null {
	const d = __dev_get_by_name(p.netns, dev);
	if (d === null) return null;
	return dev_get_stats(d, new rtnl_link_stats64());
}

/** What a program says. */
function* output_of(p: process, argv: string[]): Task<string> {
	const out = new pipe();
	const child = p.world.start(argv, p.netns, p.stdin, out.writer, p.stderr, p);
	yield* p.wait_exit(child);
	const buf = new Uint8Array(65536);
	const got = out.reader.read(buf);
	return new TextDecoder().decode(buf.subarray(0, Math.max(0, got)));
}

/** Once a second: offloaded or not, and what the devices counted. */
function* sample_down(s: scenario, p: process, seconds: number, lines: string[]): Task<number> {
	const t0 = p.now();
	for (let n = 1; n <= seconds; n++) {
		yield* p.sleep(t0 + n * NSEC_PER_SEC - p.now());
		let off = 'none';
		for (const l of p.netns.proc_net.get('nf_conntrack')!().split('\n'))
			if (/dport=5201.*OFFLOAD/.test(l)) off = 'OFFLOAD';
			else if (l.includes('dport=5201') && off === 'none') off = 'classic';
		const v0 = stats_of(p, 'veth0');
		const v1 = stats_of(p, 'veth1');
		const counters = yield* output_of(p, ['nft', 'list', 'counters']);
		const fwd = [...counters.matchAll(/counter (fwd_udp_.) {\s*packets (\d+)/g)];
		lines.push(
			`t=${n} ct=${off} rx_veth0=${v0?.rx_packets} tx_veth0=${v0?.tx_packets} rx_veth1=${v1?.rx_packets} tx_veth1=${v1?.tx_packets} ${fwd.map(([, name, count]) => `${name}=${count} `).join('')}`,
		);
	}
	return 0;
}

function s10(m: mode, seed: number, how?: speed): scenario {
	const s = new scenario('s10-veth0-down', m, seed, how);
	const lines: string[] = [];
	s.links();
	s.bridge_up('veth0');
	s.addr_bridge();
	s.extra_devices = ['br0'];
	s.rules('veth0, veth1');
	s.snat();
	s.capture('veth0', 'br0', 'veth1');
	s.n1(`ping -c1 -W2 ${s.a2}`);
	const l = s.w.spawn('ip netns exec ns2 ot uecho -t 15 5201');
	s.w.sleep(0.4);
	const c = s.w.spawn(`ip netns exec ns1 ot usend -p 4001 -i 50 -s 100 -t 0 ${s.a2} 5201 240`);
	const sampler = s.w.background((p) => sample_down(s, p, 12, lines), 'nsr1');
	s.w.sleep(3.5);
	s.sh('ip -n nsr1 link set veth0 down');
	s.w.sleep(3);
	s.sh('ip -n nsr1 link set veth0 up');
	const cli = s.w.wait(c);
	s.w.wait(sampler);
	s.kv_lines(cli.out);
	s.ct('end');
	s.kv_lines(s.w.wait(l).out);
	s.all_counters('');
	s.files.set('flowtables.txt', s.r('nft list flowtables').out);
	s.files.set('timeline.txt', `${lines.join('\n')}\n`);
	s.finish('veth0', 'br0', 'veth1');
	return s;
}

/** Once a second: what left by which port, offloaded or not, and what the bridge learnt. */
function* sample_move(p: process, seconds: number, lines: string[]): Task<number> {
	const t0 = p.now();
	let a0 = stats_of(p, 'veth0')!.tx_packets;
	let b0 = stats_of(p, 'veth2')!.tx_packets;
	for (let n = 1; n <= seconds; n++) {
		yield* p.sleep(t0 + n * NSEC_PER_SEC - p.now());
		const a = stats_of(p, 'veth0')!.tx_packets;
		const b = stats_of(p, 'veth2')!.tx_packets;
		let off = 'no';
		for (const l of p.netns.proc_net.get('nf_conntrack')!().split('\n'))
			if (/dport=6000.*OFFLOAD/.test(l)) off = 'OFFLOAD';
			else if (l.includes('dport=6000') && off === 'no') off = 'classic';
		const text = yield* output_of(p, ['bridge', 'fdb', 'show', 'br', 'br0']);
		const fdb = text
			.split('\n')
			.filter((l) => l.startsWith(M_NS1) && !l.includes('permanent'))
			.map((l) => `${l.split(' ')[2]},`)
			.join('');
		lines.push(`t=${n} tx_p1=${a - a0} tx_p2=${b - b0} ct=${off} fdb=${fdb}`);
		a0 = a;
		b0 = b;
	}
	return 0;
}

function s11(m: mode, seed: number, how?: speed): scenario {
	const s = new scenario('s11-garp', m, seed, how);
	const lines: string[] = [];
	s.links();
	s.w.must(
		'ip link add veth2 netns nsr1 address 02:00:00:00:01:02 type veth peer name eth1 netns ns1 address 02:00:00:00:01:77',
	);
	s.offload_off('nsr1', 'veth2');
	s.offload_off('ns1', 'eth1');
	s.w.must('ip -n ns1 link set eth1 up');
	s.w.must('ip -n nsr1 link set veth2 up');
	s.bridge_up('veth0 veth2');
	s.addr_bridge();
	s.n1(
		'sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0',
	);
	s.w.must('ip -n ns2 route add 192.168.20.0/24 via 10.141.10.1');
	s.extra_devices = ['veth2', 'br0'];
	s.rules('veth0, veth1, veth2');
	s.n1(`ping -c1 -W2 ${s.a2}`);
	s.w.must(`ip -n nsr1 neigh replace 192.168.20.2 lladdr ${M_NS1} dev br0 nud permanent`);
	s.capture('veth0', 'veth2', 'veth1');
	const l = s.w.spawn('ip netns exec ns1 ot usink -t 60 6000');
	const c = s.w.spawn('ip netns exec ns2 ot usend -p 5000 -i 100 -s 100 -t 0 192.168.20.2 6000 480');
	const sampler = s.w.background((p) => sample_move(p, 46, lines), 'nsr1');
	s.w.sleep(4);
	s.sh('ip -n ns1 addr flush dev eth0');
	s.sh('ip -n ns1 link set eth0 address 02:00:00:00:01:76');
	s.sh(`ip -n ns1 link set eth1 address ${M_NS1}`);
	s.sh('ip -n ns1 addr add 192.168.20.2/24 dev eth1');
	s.sh('ip -n ns1 route add default via 192.168.20.1');
	s.sh(`ip -n ns1 neigh replace 192.168.20.1 lladdr ${M_BR} dev eth1`);
	s.w.sleep(8);
	s.n1('arping -A -c 1 -I eth1 192.168.20.2');
	s.w.wait(sampler);
	s.w.kill(c);
	s.w.kill(l, 'KILL');
	s.all_counters('');
	s.files.set('timeline.txt', `${lines.join('\n')}\n`);
	s.finish('veth0', 'veth2', 'veth1');
	return s;
}

function s12(m: mode, seed: number, how?: speed): scenario {
	const s = new scenario('s12-idle', m, seed, how);
	const snap = (what: string): void => {
		s.kv(`${what}_udp`, s.ct_line(/udp.*dport=5201 /));
		s.kv(`${what}_tcp`, s.ct_line(/tcp.*dport=5301 /));
		s.kv(
			`${what}_fwd`,
			`udp:${s.cnt('fwd_udp_o')}/${s.cnt('fwd_udp_r')} tcp:${s.cnt('fwd_tcp_o')}/${s.cnt('fwd_tcp_r')}`,
		);
	};
	s.links();
	s.bridge_up('veth0');
	s.addr_bridge();
	s.extra_devices = ['br0'];
	s.rules('veth0, veth1');
	s.snat();
	s.capture('veth0', 'veth1');
	s.n1(`ping -c1 -W2 ${s.a2}`);
	const l1 = s.w.spawn('ip netns exec ns2 ot uecho -t 150 5201');
	const l2 = s.w.spawn('ip netns exec ns2 ot tsrv -t 150 5301');
	s.w.sleep(0.5);
	const fifo = new pipe();
	s.w.write_file('/s/ncout', '');
	const nc = s.w.spawn(`ip netns exec ns1 nc ${s.a2} 5301 > /s/ncout`, { stdin: fifo.reader });
	s.w.sleep(1);
	const say = (from: number, to: number): void => {
		for (let i = from; i <= to; i++) {
			fifo.writer.write(new TextEncoder().encode(`hello ${i}\n`));
			s.w.sleep(0.1);
		}
	};
	const usend = (): void => {
		s.n1(`ot usend -p 4001 -i 50 -s 100 -t 0 ${s.a2} 5201 10`);
	};
	say(1, 6);
	usend();
	const t0 = s.w.m.now_ns;
	snap('idle0');
	for (const at of [5, 10, 20, 28, 31, 33, 36, 40]) {
		s.w.sleep((t0 + at * 1e9 - s.w.m.now_ns) / 1e9);
		snap(`idle${at}`);
	}
	say(7, 9);
	usend();
	snap('resumed');
	say(10, 12);
	usend();
	snap('resumed2');
	const echoed = new TextDecoder().decode(s.w.read_file('/s/ncout'));
	s.kv('tcp_echoed_lines', echoed.split('\n').length - 1);
	s.w.kill(nc);
	s.w.sleep(0.2);
	s.files.set('srv.txt', s.w.wait(l2).out);
	s.w.kill(l1);
	s.all_counters('');
	s.finish('veth0', 'veth1');
	return s;
}

const both: readonly mode[] = ['classic', 'flow'];

/** All of them. */
export const scenarios: readonly scenario_entry[] = [
	{ name: 's1-routed', modes: both, run: s1 },
	{ name: 's2-bridge', modes: both, run: bridged('s2-bridge', 'veth0, veth1') },
	{ name: 's3-bridge-br0dev', modes: ['flow'], run: bridged('s3-bridge-br0dev', 'br0, veth1') },
	{ name: 's4-bridge-vlan', modes: both, run: s4 },
	{ name: 's5-qinq-bridge', modes: both, run: s5 },
	{ name: 's6-dnat', modes: both, run: s6 },
	{ name: 's7a-v6-routed', modes: both, run: s7a },
	{
		name: 's8a-mtu1500-1400',
		modes: ['flow'],
		run: mtu('s8a-mtu1500-1400', 1500, 1400, 1460, 1450),
	},
	{
		name: 's8b-mtu9000-1500',
		modes: ['flow'],
		run: mtu('s8b-mtu9000-1500', 9000, 1500, 8960, 4000),
	},
	{ name: 's9-tcp-fin', modes: both, run: s9('fin') },
	{ name: 's9-tcp-rst', modes: both, run: s9('rst') },
	{ name: 's10-veth0-down', modes: ['flow'], run: s10 },
	{ name: 's11-garp', modes: both, run: s11 },
	{ name: 's12-idle', modes: both, run: s12 },
];

