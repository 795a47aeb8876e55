// SPDX-License-Identifier: GPL-2.0-only
/*
 * The library of the recorded scenarios, over a world: ns1 - nsr1 - ns2 with fixed addresses, the
 * ruleset with its counters, traffic, captures, and a summary of keys and values as the recordings
 * have it. Method by method what the shell library does, sleeps included.
 */
import { createHash } from 'node:crypto';
import { pcap_read } from '../lib/pcap.ts';
import type { process } from '../lib/process.ts';
import { type run_options, type result, World } from '../lib/world.ts';

export const M_NS1 = '02:00:00:00:01:99';
export const M_R0 = '02:00:00:00:01:01';
export const M_R1 = '02:00:00:00:02:01';
export const M_NS2 = '02:00:00:00:02:99';
export const M_BR = '02:00:00:00:01:fe';

/** Flowtable or not. */
export type mode = 'classic' | 'flow';

function sequence(from: number, to: number, bytes: number): string {
	let text = '';
	for (let i = from; i <= to && text.length < bytes; i++) text += `${i}\n`;
	return text.slice(0, bytes);
}

const DATA1 = sequence(1, 60000, 204800);
const DATA2 = sequence(700000, 760000, 204800);

function sha256(data: Uint8Array | string): string {
	return createHash('sha256').update(data).digest('hex');
}

/** How fast the machine is. */
export interface speed {
	/** Milliseconds from the start of a program to its first instruction. */
	exec_ms: number;
	/** Microseconds until a woken program runs. */
	switch_us: number;
}

const FAST: speed = { exec_ms: 1, switch_us: 0 };

/** A scenario in work. */
export class scenario {
	readonly name: string;
	readonly w: World;
	readonly mode: mode;
	/** Keys and values in the order in which they were noted. */
	readonly summary = new Map<string, string>();
	/** Texts of the files besides, by name. */
	readonly files = new Map<string, string>();
	/** Address family of the main table. */
	family = 'inet';
	/** Devices with an ingress counter besides veth0 and veth1. */
	extra_devices: string[] = [];
	/** addr_gen_mode of IPv6: 1 none, 0 EUI-64. */
	link_local_mode = 1;
	/** Port that the server listens on when it is another than the client calls. */
	server_port = 0;
	/** Milliseconds between datagrams. */
	interval = 30;
	/** Digit behind source port 4000. */
	port_suffix = '';
	a1 = '';
	a2 = '';
	gw = '';
	readonly #dumps: process[] = [];
	readonly #devices: string[] = [];
	readonly #t0: number;

	constructor(name: string, mode: mode, seed = 1, how: speed = FAST) {
		this.name = `${name}-${mode}`;
		this.mode = mode;
		this.w = new World({
			seed,
			exec_cost_ns: how.exec_ms * 1e6,
			switch_cost_ns: how.switch_us * 1e3,
		});
		this.#t0 = this.w.m.now_ns;
	}

	/** Runs a command; its failure is nobody's business, as in the shell library. */
	sh(command: string, options?: run_options): result {
		return this.w.sh(command, options);
	}

	/** In the router. */
	r(command: string, options?: run_options): result {
		return this.w.sh(`ip netns exec nsr1 ${command}`, options);
	}

	n1(command: string, options?: run_options): result {
		return this.w.sh(`ip netns exec ns1 ${command}`, options);
	}

	n2(command: string, options?: run_options): result {
		return this.w.sh(`ip netns exec ns2 ${command}`, options);
	}

	/** Notes a value. */
	kv(key: string, value: string | number): void {
		this.summary.set(key, String(value));
	}

	/** Notes lines `key=value`, each key behind a prefix. */
	kv_lines(text: string, prefix = ''): void {
		for (const line of text.split('\n')) {
			const eq = line.indexOf('=');
			if (eq > 0) this.kv(prefix + line.slice(0, eq), line.slice(eq + 1));
		}
	}

	/* topology */

	#quiet(): void {
		for (const n of ['ns1', 'nsr1', 'ns2']) {
			this.sh(
				`ip netns exec ${n} sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.all.router_solicitations=0 net.ipv6.conf.default.addr_gen_mode=${this.link_local_mode} net.ipv4.ip_forward=0`,
			);
			this.sh(`ip -n ${n} link set lo up`);
		}
	}

	offload_off(ns: string, dev: string): void {
		this.sh(`ip netns exec ${ns} ethtool -K ${dev} tx off rx off gro off gso off tso off`);
	}

	links(): void {
		for (const n of ['ns1', 'nsr1', 'ns2']) this.w.must(`ip netns add ${n}`);
		this.#quiet();
		this.w.must(
			`ip link add veth0 netns nsr1 address ${M_R0} type veth peer name eth0 netns ns1 address ${M_NS1}`,
		);
		this.w.must(
			`ip link add veth1 netns nsr1 address ${M_R1} type veth peer name eth0 netns ns2 address ${M_NS2}`,
		);
		this.offload_off('nsr1', 'veth0');
		this.offload_off('nsr1', 'veth1');
		this.offload_off('ns1', 'eth0');
		this.offload_off('ns2', 'eth0');
		this.w.must('ip -n ns1 link set eth0 up');
		this.w.must('ip -n ns2 link set eth0 up');
		this.w.must('ip -n nsr1 link set veth0 up');
		this.w.must('ip -n nsr1 link set veth1 up');
		this.r('sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
		this.r('sysctl -qw net.netfilter.nf_conntrack_acct=1');
		this.n1('sysctl -qw net.ipv4.tcp_no_metrics_save=1');
		this.n2('sysctl -qw net.ipv4.tcp_no_metrics_save=1');
	}

	addr_routed(): void {
		this.w.must('ip -n ns1 addr add 10.0.1.99/24 dev eth0');
		this.w.must('ip -n ns1 route add default via 10.0.1.1');
		this.w.must('ip -n nsr1 addr add 10.0.1.1/24 dev veth0');
		this.w.must('ip -n nsr1 addr add 10.0.2.1/24 dev veth1');
		this.w.must('ip -n ns2 addr add 10.0.2.99/24 dev eth0');
		this.w.must('ip -n ns2 route add default via 10.0.2.1');
		this.a1 = '10.0.1.99';
		this.a2 = '10.0.2.99';
		this.gw = '10.0.1.1';
	}

	addr6_routed(): void {
		this.w.must('ip -n ns1 addr add fd00:1::99/64 dev eth0 nodad');
		this.w.must('ip -n ns1 route add default via fd00:1::1');
		this.w.must('ip -n nsr1 addr add fd00:1::1/64 dev veth0 nodad');
		this.w.must('ip -n nsr1 addr add fd00:2::1/64 dev veth1 nodad');
		this.w.must('ip -n ns2 addr add fd00:2::99/64 dev eth0 nodad');
		this.w.must('ip -n ns2 route add default via fd00:2::1');
		this.a1 = 'fd00:1::99';
		this.a2 = 'fd00:2::99';
		this.gw = 'fd00:1::1';
	}

	bridge_up(ports: string): void {
		this.w.must(`ip -n nsr1 link add br0 address ${M_BR} type bridge`);
		this.offload_off('nsr1', 'br0');
		for (const port of ports.split(' ')) this.w.must(`ip -n nsr1 link set ${port} master br0`);
		this.w.must('ip -n nsr1 link set br0 up');
	}

	addr_bridge(dev = 'eth0'): void {
		this.w.must(`ip -n ns1 addr add 192.168.20.2/24 dev ${dev}`);
		this.w.must('ip -n ns1 route add default via 192.168.20.1');
		this.w.must('ip -n nsr1 addr add 192.168.20.1/24 dev br0');
		this.w.must('ip -n nsr1 addr add 10.141.10.1/24 dev veth1');
		this.w.must('ip -n ns2 addr add 10.141.10.2/24 dev eth0');
		this.a1 = '192.168.20.2';
		this.a2 = '10.141.10.2';
		this.gw = '192.168.20.1';
	}

	/* rules */

	nft(text: string): void {
		const r = this.r('nft -f -', { stdin: text });
		if (r.rc !== 0) throw new Error(`nft: ${r.err}\n${text}`);
	}

	rules(devices: string): void {
		let ft = '';
		let fl = '';
		if (this.mode === 'flow') {
			ft = `flowtable ft { hook ingress priority 0; devices = { ${devices} };  }`;
			fl = 'meta l4proto { tcp, udp } flow add @ft';
		}
		this.nft(`table ${this.family} filter {
 counter pre_tcp { }
 counter pre_udp { }
 counter fwd_tcp_o { }
 counter fwd_tcp_r { }
 counter fwd_udp_o { }
 counter fwd_udp_r { }
 counter fwd_icmp { }
 counter post_tcp { }
 counter post_udp { }
 ${ft}
 chain pre { type filter hook prerouting priority -300; meta l4proto tcp counter name pre_tcp; meta l4proto udp counter name pre_udp; }
 chain forward { type filter hook forward priority 0; policy accept;
  ${fl}
  meta l4proto tcp ct direction original counter name fwd_tcp_o
  meta l4proto tcp ct direction reply counter name fwd_tcp_r
  meta l4proto udp ct direction original counter name fwd_udp_o
  meta l4proto udp ct direction reply counter name fwd_udp_r
  meta l4proto { icmp, icmpv6 } counter name fwd_icmp
 }
 chain post { type filter hook postrouting priority 300; meta l4proto tcp counter name post_tcp; meta l4proto udp counter name post_udp; }
}
`);
		for (const d of ['veth0', 'veth1', ...this.extra_devices])
			this.nft(`table netdev ig_${d} { counter in_${d} { }
 chain c { type filter hook ingress device "${d}" priority -200; counter name in_${d}
 }
}
`);
	}

	snat(): void {
		this.nft(`table ip nat { chain post { type nat hook postrouting priority 100; oifname "veth1" counter masquerade
 }
}
`);
	}

	/** Packets of a named counter of the main table. */
	cnt(name: string): string {
		const m = /packets (\d+)/.exec(this.r(`nft list counter ${this.family} filter ${name}`).out);
		return m === null ? '' : m[1];
	}

	/** Notes all counters. */
	all_counters(prefix: string): void {
		let name = '';
		for (const line of this.r('nft list counters').out.split('\n')) {
			const c = /counter (\S+)/.exec(line);
			if (c !== null) name = c[1]!;
			const n = /packets (\d+)/.exec(line);
			if (n !== null) this.kv(prefix + name, n[1]);
		}
	}

	/* captures */

	capture(...devices: string[]): void {
		for (const d of devices) {
			this.#devices.push(d);
			this.#dumps.push(
				this.w.spawn(
					`ip netns exec nsr1 tcpdump --immediate-mode -Z root -i ${d} -s 128 -U -w /s/${d}.pcap -nn`,
				),
			);
		}
		this.w.sleep(0.5);
	}

	end_capture(): void {
		this.w.sleep(0.3);
		for (const p of this.#dumps) this.w.kill(p, 'INT');
		for (const p of this.#dumps.splice(0)) this.w.wait(p);
	}

	/** Bytes of a capture file. */
	pcap(device: string): Uint8Array {
		return this.w.read_file(`/s/${device}.pcap`);
	}

	get captured(): readonly string[] {
		return this.#devices;
	}

	/* state */

	ct(what: string): void {
		const text = this.r('cat /proc/net/nf_conntrack').out;
		this.files.set('conntrack.txt', `${this.files.get('conntrack.txt') ?? ''}## ${what}\n${text}`);
	}

	/** The first connection that matches, blanks folded. */
	ct_line(re: RegExp): string {
		const line = this.r('cat /proc/net/nf_conntrack')
			.out.split('\n')
			.find((l) => re.test(l));
		return line === undefined ? '' : line.replace(/ +/g, ' ').trimEnd();
	}

	ct_flag(re: RegExp): string {
		const l = this.ct_line(re);
		if (l.includes('HW_OFFLOAD')) return 'HW_OFFLOAD';
		if (l.includes('OFFLOAD')) return 'OFFLOAD';
		return l === '' ? 'none' : 'no';
	}

	/* traffic */

	#six(a: string): string {
		return a.includes(':') ? '-6' : '';
	}

	/** TCP, 200 KB both ways, then a comparison. */
	tcpx(tag: string, addr: string, port: number): void {
		const six = this.#six(addr);
		this.w.write_file('/s/f1', DATA1);
		this.w.write_file('/s/f2', DATA2);
		this.w.write_file('/s/o1', '');
		this.w.write_file('/s/o2', '');
		const listen = this.server_port !== 0 ? this.server_port : port;
		const server = this.w.spawn(
			`ip netns exec ns2 timeout 25 nc ${six} -N -l -p ${listen} < /s/f2 > /s/o2`,
		);
		this.w.sleep(0.7);
		const began = this.w.m.now_ns;
		const rc = this.n1(`timeout 20 nc ${six} -N -w 6 ${addr} ${port} < /s/f1 > /s/o1`).rc;
		this.kv(`${tag}_client_rc`, rc);
		const seconds = (this.w.m.now_ns - began) / 1e9;
		const end = this.w.m.now_ns + 3e9;
		this.w.run_until(() => server.exit_code !== null, end);
		this.w.kill(server);
		this.w.wait(server);
		this.kv(`${tag}_secs`, seconds.toFixed(2));
		const o1 = this.w.read_file('/s/o1');
		const o2 = this.w.read_file('/s/o2');
		this.kv(`${tag}_bytes_ns1_to_ns2`, o2.length);
		this.kv(`${tag}_bytes_ns2_to_ns1`, o1.length);
		this.kv(`${tag}_sha_fwd`, sha256(o2) === sha256(DATA1) ? 'ok' : 'BAD');
		this.kv(`${tag}_sha_rev`, sha256(o1) === sha256(DATA2) ? 'ok' : 'BAD');
	}

	/** UDP, n datagrams each way. */
	udpx(tag: string, addr: string, port: number, n: number, size: number, options = ''): void {
		const six = this.#six(addr);
		const dur = Math.floor(Math.trunc((n * this.interval) / 1000) + 3.2);
		const listen = this.server_port !== 0 ? this.server_port : port;
		const server = this.w.spawn(`ip netns exec ns2 ot uecho ${six} -t ${dur} ${listen}`);
		this.w.sleep(0.5);
		const c = this.n1(
			`ot usend ${six} -p 4000${this.port_suffix} -i ${this.interval} -s ${size} -t 1 ${options} ${addr} ${port} ${n}`,
		);
		this.kv_lines(c.out, `${tag}_`);
		this.ct(`after ${tag}`);
		this.kv(`${tag}_ct_flag`, this.ct_flag(new RegExp(`udp.*dport=${port} `)));
		this.kv_lines(this.w.wait(server).out, `${tag}_`);
	}

	/** Ping, UDP, bulk TCP, TCP request and reply, with what they leave behind. */
	traffic(): void {
		const six = this.#six(this.a2);
		this.kv('ping_rc', this.n1(`ping -c 1 -W 2 ${this.a2}`).rc);
		this.all_counters('base_');
		this.port_suffix = '1';
		this.udpx('udp', this.a2, 5201, 20, 100);
		this.port_suffix = '';
		this.tcpx('tcp', this.a2, 5301);
		this.ct('after tcp');
		const server = this.w.spawn(`ip netns exec ns2 ot tsrv ${six} -t 15 5302`);
		this.w.sleep(0.5);
		this.all_counters('preecho_');
		const c = this.n1(`ot tcli ${six} -p 4111 -i 5 ${this.a2} 5302 2048 100`);
		const s = this.w.wait(server);
		this.ct('after tcp echo');
		this.kv_lines(c.out.split('\n')[0], 'tcpe_');
		this.kv_lines(s.out, 'tcpe_');
		this.kv('tcpe_ct', this.ct_line(/tcp.*dport=5302 /));
		this.kv('tcp_ct', this.ct_line(/tcp.*dport=5301 /));
		this.all_counters('');
	}

	/* the end */

	#ttls(devices: readonly string[]): void {
		for (const d of devices) {
			const text = this.w.must(
				`tcpdump -nnv -r /s/${d}.pcap '(ip or vlan or ip6) and not arp and not icmp6'`,
			);
			const count = new Map<string, number>();
			for (const m of text.matchAll(/(?:ttl|hlim) \d+/g))
				count.set(m[0], (count.get(m[0]) ?? 0) + 1);
			const sorted = [...count].sort(([a], [b]) => (a < b ? -1 : 1));
			this.kv(`ttl_${d}`, sorted.map(([k, n]) => `${k.split(' ')[1]}:${n}`).join(','));
			this.kv(`frames_${d}`, pcap_read(this.pcap(d))!.frames.length);
		}
	}

	finish(...devices: string[]): void {
		this.ct('end');
		this.end_capture();
		this.#ttls(devices);
		this.files.set('ruleset.txt', this.r('nft list ruleset').out);
		this.files.set('ip-s-link.txt', this.r('ip -s link').out);
		this.files.set('bridge-fdb.txt', this.r('bridge fdb show').out);
		this.files.set('bridge-s-fdb.txt', this.r('bridge -s fdb').out);
		this.files.set(
			'ip-state.txt',
			['ip addr', 'ip neigh', 'ip route', 'ip -d link'].map((c) => this.r(c).out).join(''),
		);
		this.kv('secs', ((this.w.m.now_ns - this.#t0) / 1e9).toFixed(1));
	}
}
