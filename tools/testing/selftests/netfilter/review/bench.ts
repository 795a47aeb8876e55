// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bench of the review's experiments: ns1 - nsr1 - ns2 and what a single experiment adds to it, built with
 * the programs of the user land; frames written by hand at the hosts' ends; everything that passes a
 * device of the router captured. What is done and seen is kept as a story.
 */
import { htons } from '../../../../../include/linux/byteorder/generic.ts';
import { netdev_priv, packet_type } from '../../../../../include/linux/netdevice.ts';
import { PACKET_LOOPBACK, PACKET_OUTGOING, type sk_buff } from '../../../../../include/linux/skbuff.ts';
import type { flow_offload } from '../../../../../include/net/netfilter/nf_flow_table.ts';
import { ETH_P_ALL } from '../../../../../include/uapi/linux/if_ether.ts';
import { rhashtable_walk } from '../../../../../include/linux/rhashtable.ts';
import { __dev_get_by_name, dev_add_pack } from '../../../../../net/core/dev.ts';
import { kfree_skb } from '../../../../../net/core/skbuff.ts';
import { flowtables } from '../../../../../net/netfilter/nf_flow_table_core.ts';
import type { veth_priv } from '../../drivers/net/veth.ts';
import { craft, type recipe, TH_ACK, TH_SYN, transmit } from '../../lib/craft.ts';
import { type flow, flow_text, list_flows } from '../../lib/flows.ts';
import { decode_frame, type packet } from '../../lib/packet.ts';
import { frame_of, type tapped } from '../../lib/tap.ts';
import { explain } from '../../lib/why.ts';
import { type result, World } from '../../lib/world.ts';

/* Addresses of the links, the same as in the recordings. */
export const M_NS1 = '02:00:00:00:01:99';
export const M_R0 = '02:00:00:00:01:01';
export const M_R1 = '02:00:00:00:02:01';
export const M_NS2 = '02:00:00:00:02:99';
export const M_BR = '02:00:00:00:01:fe';
export const M_R2 = '02:00:00:00:01:02';

export const Q = 0x8100;
export const AD = 0x88a8;

/** A frame that passed a device of the router. */
export interface seen extends packet {
	dev: string;
	out: boolean;
}

/** What became of a packet: every sighting, the wire it left by, which path it took. */
export interface fate {
	all: seen[];
	/** As it left the router by a wire; null when it did not. */
	left: seen | null;
	/**
	 * `classic` when the forward chain counted it, `fast` when it was routed without, `bridged` when its TTL
	 * is what it was, `lost` when it left by no wire.
	 */
	path: 'fast' | 'classic' | 'bridged' | 'lost';
	/** The same with the device, on a few words. */
	text: string;
}

/** One thing of a story. */
export type told =
	| { kind: 'command'; text: string }
	| { kind: 'say'; text: string }
	| { kind: 'packet'; title: string; all: seen[]; text: string }
	| { kind: 'check'; ok: boolean; text: string };

/** A VLAN tag of a topology: protocol and id. */
export type tag = readonly [number, number];

/** What lies between ns1 and the router. */
export interface layout {
	/** The router's address on a bridge; else on the device itself. */
	bridged?: boolean;
	/** IPv6 instead of IPv4. */
	six?: boolean;
	/** VLAN devices on the wire of ns1, outermost first. */
	tags?: readonly tag[];
	/** Family of the table that holds the flowtable; default inet. */
	family?: 'inet' | 'ip' | 'ip6';
	/** Devices of the flowtable; default `veth0, veth1`. */
	devices?: string;
	/** Adds to the topology before there are rules and packets. */
	more?: (b: bench) => void;
	/** Names of the router's devices towards ns1 and ns2; default veth0 and veth1. */
	lan?: string;
	wan?: string;
}

function tags_text(p: packet): string {
	return p.tags
		.map((t) => `${t.proto === AD ? '802.1ad' : '802.1q'} ${t.vid}${t.prio > 0 ? ` pcp ${t.prio}` : ''}`)
		.join(', ');
}

/** A sighting in words: MACs, tags, addresses, ports, TTL. */
export function seen_text(s: seen): string {
	const tags = tags_text(s);
	let what = `type 0x${s.ethertype.toString(16)}, ${s.len} bytes`;
	if (s.ip !== 0) {
		const ports = s.proto === 6 || s.proto === 17;
		const name = s.proto === 6 ? `TCP ${s.flags}` : s.proto === 17 ? 'UDP' : `proto ${s.proto}`;
		what = ports
			? `${s.src}.${s.sport} > ${s.dst}.${s.dport} ${name}`
			: `${s.src} > ${s.dst} ${s.proto === 1 ? `ICMP ${s.sport}/${s.dport}` : name}`;
		what += `, ${s.ip_len} bytes, ttl ${s.ttl}`;
	}
	return `${s.src_mac} > ${s.dst_mac}${tags === '' ? '' : ` [${tags}]`} ${what}`;
}

/** A bench. */
export class bench {
	readonly w: World;
	readonly story: told[];
	/** Frames in pcap form by device, for --pcap. */
	readonly frames = new Map<string, tapped[]>();
	/** Hosts get IP packets too; else they answer ARP and ND only. */
	hosts = true;
	/** What ns1 sends, and ns2, unless something else is said. */
	orig: recipe;
	reply: recipe;
	family: 'inet' | 'ip' | 'ip6' = 'inet';
	/** Devices of the router that are wires. */
	readonly wires: string[] = [];
	/** Looks at each packet that leaves by a wire. */
	on_wire: ((skb: sk_buff, dev: string) => void) | null = null;
	lan = 'veth0';
	wan = 'veth1';
	readonly #seen: seen[] = [];
	readonly #counted = new Map<string, number>();
	#tap: packet_type | null = null;
	#told = 0;

	/** @param story goes on in this bench */
	constructor(seed = 1, story: told[] = []) {
		this.story = story;
		this.w = new World({ seed });
		this.orig = {
			smac: M_NS1,
			dmac: M_R0,
			tags: [],
			src: '10.0.1.99',
			dst: '10.0.2.99',
			proto: 17,
			sport: 4000,
			dport: 5000,
			ttl: 64,
			tos: 0,
			flags: TH_ACK,
			seq: 1000,
			ack: 2000,
			payload: 100,
			options: [],
		};
		this.reply = {
			...this.orig,
			smac: M_NS2,
			dmac: M_R1,
			src: '10.0.2.99',
			dst: '10.0.1.99',
			sport: 5000,
			dport: 4000,
			seq: 2000,
			ack: 1000,
		};
	}

	get failed(): boolean {
		return this.story.some((s) => s.kind === 'check' && !s.ok);
	}

	/* commands */

	/** Runs a command that must work and tells it. */
	do(command: string, stdin?: string): string {
		this.story.push({
			kind: 'command',
			text: stdin === undefined ? command : `${command} <<EOF\n${stdin.trimEnd()}\nEOF`,
		});
		return this.w.must(command, stdin === undefined ? {} : { stdin });
	}

	/** Runs a command that may fail and tells it. */
	may(command: string): void {
		this.story.push({ kind: 'command', text: command });
		this.w.sh(command);
	}

	/** Runs a command in the router and tells it. */
	r(command: string, stdin?: string): string {
		return this.do(`ip netns exec nsr1 ${command}`, stdin);
	}

	/** Asks the router something, untold. */
	ask(command: string): string {
		return this.w.must(`ip netns exec nsr1 ${command}`);
	}

	/** Runs what may fail, untold. */
	try(command: string, stdin?: string): result {
		return this.w.sh(command, stdin === undefined ? {} : { stdin });
	}

	say(text: string): void {
		this.story.push({ kind: 'say', text });
	}

	/* topology */

	/** A namespace; its defaults keep IPv6 quiet. */
	ns(name: string, six = false): void {
		this.do(`ip netns add ${name}`);
		this.w.must(
			`ip netns exec ${name} sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.default.addr_gen_mode=${six ? 0 : 1}`,
		);
		this.w.must(`ip -n ${name} link set lo up`);
	}

	/** A wire from the router to a host. */
	wire(dev: string, mac: string, ns: string, peer: string, peer_mac: string): void {
		this.do(
			`ip link add ${dev} netns nsr1 address ${mac} type veth peer name ${peer} netns ${ns} address ${peer_mac}`,
		);
		for (const [n, d] of [
			['nsr1', dev],
			[ns, peer],
		]) {
			this.w.must(`ip netns exec ${n} ethtool -K ${d} tx off rx off gro off gso off tso off`);
			this.do(`ip -n ${n} link set ${d} up`);
		}
		this.wires.push(dev);
		netdev_priv<veth_priv>(__dev_get_by_name(this.w.ns('nsr1'), dev)!).tamper = (skb) => {
			const p = decode_frame(frame_of(skb));
			if (p.ip !== 0) this.on_wire?.(skb, dev);
			return this.hosts || p.ip === 0 || (p.proto === 58 && p.sport >= 133);
		};
	}

	/** VLAN devices on both ends of the wire of ns1; answers the uppermost ones. */
	vlans(tags: readonly tag[]): [string, string] {
		let router = this.lan;
		let host = 'eth0';
		for (const [proto, id] of tags) {
			const p = proto === AD ? 'proto 802.1ad ' : '';
			/* a name has 15 characters at most */
			const name = (dev: string): string => (tags.length > 3 ? `vlan${id}` : `${dev}.${id}`);
			for (const [ns, dev] of [
				['nsr1', router],
				['ns1', host],
			]) {
				this.do(`ip -n ${ns} link add link ${dev} name ${name(dev)} type vlan ${p}id ${id}`);
				this.do(`ip -n ${ns} link set ${name(dev)} up`);
			}
			router = name(router);
			host = name(host);
		}
		return [router, host];
	}

	/** Addresses of both sides with the router between. */
	addresses(lan: string, host: string, six: boolean, bridged: boolean): void {
		const [r0, a1, r1, a2] = six
			? ['fd00:1::1/64', 'fd00:1::99/64', 'fd00:2::1/64', 'fd00:2::99/64']
			: bridged
				? ['192.168.20.1/24', '192.168.20.2/24', '10.141.10.1/24', '10.141.10.2/24']
				: ['10.0.1.1/24', '10.0.1.99/24', '10.0.2.1/24', '10.0.2.99/24'];
		const nodad = six ? ' nodad' : '';
		const bare = (a: string): string => a.slice(0, a.indexOf('/'));
		this.do(`ip -n nsr1 addr add ${r0} dev ${lan}${nodad}`);
		this.do(`ip -n nsr1 addr add ${r1} dev ${this.wan}${nodad}`);
		this.do(`ip -n ns1 addr add ${a1} dev ${host}${nodad}`);
		this.do(`ip -n ns2 addr add ${a2} dev eth0${nodad}`);
		this.do(`ip -n ns1 route add default via ${bare(r0)}`);
		this.do(`ip -n ns2 route add default via ${bare(r1)}`);
		this.orig.src = this.reply.dst = bare(a1);
		this.orig.dst = this.reply.src = bare(a2);
	}

	/** A bridge with its address known, and ports. */
	bridge(...ports: string[]): void {
		this.do(`ip -n nsr1 link add br0 address ${M_BR} type bridge`);
		for (const p of ports) this.do(`ip -n nsr1 link set ${p} master br0`);
		this.do('ip -n nsr1 link set br0 up');
		this.orig.dmac = M_BR;
	}

	/** The flowtable, a rule that fills it, and counters of the forward hook. */
	rules(devices: string): void {
		this.r(
			'nft -f -',
			`table ${this.family} filter {
 counter pre { }
 counter forward_original { }
 counter forward_reply { }
 counter post { }
 flowtable ft { hook ingress priority 0; devices = { ${devices} }; }
 chain pre { type filter hook prerouting priority -300; meta l4proto { tcp, udp } counter name pre; }
 chain forward { type filter hook forward priority 0; policy accept;
  meta l4proto { tcp, udp } flow add @ft
  meta l4proto { tcp, udp } ct direction original counter name forward_original
  meta l4proto { tcp, udp } ct direction reply counter name forward_reply
 }
 chain post { type filter hook postrouting priority 300; meta l4proto { tcp, udp } counter name post; }
}`,
		);
	}

	/** The usual topology, the rules, neighbours that know each other; then only written frames move. */
	setup(l: layout): void {
		const six = l.six === true;
		this.lan = l.lan ?? 'veth0';
		this.wan = l.wan ?? 'veth1';
		for (const n of ['ns1', 'nsr1', 'ns2']) this.ns(n, six);
		this.wire(this.lan, M_R0, 'ns1', 'eth0', M_NS1);
		this.wire(this.wan, M_R1, 'ns2', 'eth0', M_NS2);
		this.r('sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
		this.w.must('ip netns exec nsr1 sysctl -qw net.netfilter.nf_conntrack_acct=1');
		const [lan, host] = this.vlans(l.tags ?? []);
		this.orig.tags = l.tags ?? [];
		if (l.bridged === true) this.bridge(lan);
		this.addresses(l.bridged === true ? 'br0' : lan, host, six, l.bridged === true);
		this.family = l.family ?? 'inet';
		l.more?.(this);
		this.rules(l.devices ?? `${this.lan}, ${this.wan}`);
		this.start();
	}

	/** Lets the neighbours find each other; from then on everything is captured and hosts keep silent. */
	start(): void {
		const ping = this.try(`ip netns exec ns1 ping -c 1 -W 2 ${this.orig.dst}`);
		if (ping.rc !== 0) throw new Error(`no way through: ${ping.out}${ping.err}`);
		this.hosts = false;
		this.capture();
	}

	/* captures */

	/** Captures every device of the router from now on. */
	capture(): void {
		const net = this.w.ns('nsr1');
		this.#tap = new packet_type(
			htons(ETH_P_ALL),
			(skb, dev) => {
				if (dev.nd_net === net && skb.pkt_type !== PACKET_LOOPBACK) this.#note(skb, dev.name);
				kfree_skb(skb);
				return 0;
			},
			null,
			net,
		);
		dev_add_pack(this.w.m, this.#tap);
	}

	#note(skb: sk_buff, dev: string): void {
		const data = frame_of(skb);
		const out = skb.pkt_type === PACKET_OUTGOING;
		const time_ns = this.w.realtime_ns();
		const list = this.frames.get(dev) ?? [];
		this.frames.set(dev, list);
		list.push({ time_ns, data, len: data.length, outgoing: out });
		const p = decode_frame(data, data.length, time_ns);
		if (p.ethertype === 0x0806 || (p.proto === 58 && p.sport >= 130)) return;
		this.#seen.push({ ...p, dev, out });
	}

	/** Sightings since the last look. */
	look(): seen[] {
		return this.#seen.splice(0);
	}

	/* traffic */

	/** Writes a frame at a host's end of a wire and tells what became of it. */
	send(
		title: string,
		ns: string,
		dev: string,
		f: recipe | Uint8Array,
		touch?: (skb: sk_buff) => void,
	): fate {
		const before = this.forwarded;
		this.look();
		transmit(this.w, ns, dev, f instanceof Uint8Array ? f : craft(f), touch);
		this.w.sleep(0.001);
		return this.#judge(title, before);
	}

	#judge(title: string, before: readonly [number, number]): fate {
		const all = this.look();
		const after = this.forwarded;
		const came = all.find((s) => !s.out);
		const wires = all.filter((s) => s.out && this.wires.includes(s.dev));
		const left = wires.find((s) => s.proto === came?.proto) ?? null;
		const icmp = wires.find((s) => s.proto === 1 && s !== left);
		const classic = after[0] + after[1] > before[0] + before[1];
		const path = classic
			? 'classic'
			: left === null
				? 'lost'
				: left.ttl === came?.ttl && left.src === came.src
					? 'bridged'
					: 'fast';
		const text =
			path === 'lost'
				? `lost${icmp === undefined ? '' : `, answered by ICMP ${icmp.sport}/${icmp.dport}`}`
				: left === null
					? `${path}, leaves by no wire`
					: `${path}, leaves by ${left.dev}${left.tags.length > 0 ? ` [${tags_text(left)}]` : ''}`;
		this.story.push({ kind: 'packet', title, all, text });
		return { all, left, path, text };
	}

	/** As ns1 sends. */
	up(title = 'ns1 sends', change: Partial<recipe> = {}): fate {
		return this.send(title, 'ns1', 'eth0', { ...this.orig, ...change });
	}

	/** As ns2 sends. */
	down(title = 'ns2 answers', change: Partial<recipe> = {}): fate {
		return this.send(title, 'ns2', 'eth0', { ...this.reply, ...change });
	}

	/** Two packets that make a flow. */
	open(change: Partial<recipe> = {}): flow {
		if ((change.proto ?? this.orig.proto) === 6) {
			this.up('ns1 opens: SYN', { flags: TH_SYN, payload: 0, ack: 0, seq: 999, ...change });
			this.down('ns2 accepts: SYN-ACK', {
				flags: TH_SYN | TH_ACK,
				payload: 0,
				seq: 1999,
				...change,
			});
		} else {
			this.up('the first packet of ns1', change);
			this.down('the first answer of ns2', change);
		}
		const f = this.flows;
		if (f.length === 0) throw new Error(`no flow\n${this.conntrack}`);
		this.say(`flow: ${flow_text(f[0])}`);
		return f[0];
	}

	/* state */

	get flows(): flow[] {
		return list_flows(this.w.ns('nsr1'));
	}

	/** The flow itself, for those who play another processor. */
	get the_flow(): flow_offload {
		let found: flow_offload | null = null;
		for (const ft of flowtables.of(this.w.m))
			rhashtable_walk(ft.rhashtable, (h) => {
				found = h.flow;
			});
		if (found === null) throw new Error('no flow');
		return found;
	}

	get conntrack(): string {
		return this.ask('cat /proc/net/nf_conntrack')
			.split('\n')
			.filter((l) => /\b(udp|tcp)\b/.test(l))
			.map((l) => l.replace(/ +/g, ' ').trim())
			.join('\n');
	}

	get offloaded(): boolean {
		return this.conntrack.includes('[OFFLOAD]');
	}

	#counters(): void {
		const text = this.ask(`nft list counters table ${this.family} filter`);
		for (const m of text.matchAll(/counter (\S+) \{\s*packets (\d+)/g))
			this.#counted.set(m[1], Number(m[2]));
	}

	/** Packets that a counter of the table has seen. */
	count(name: string): number {
		this.#counters();
		return this.#counted.get(name) ?? 0;
	}

	/** Packets that the forward hook has seen, original and reply. */
	get forwarded(): [number, number] {
		this.#counters();
		return [
			this.#counted.get('forward_original') ?? 0,
			this.#counted.get('forward_reply') ?? 0,
		];
	}

	/** Ports behind which the bridge has a station, as `bridge fdb` has it. */
	fdb(mac: string): string {
		return this.ask('bridge fdb show br br0')
			.split('\n')
			.filter((l) => l.startsWith(mac) && !l.includes('permanent'))
			.map((l) => l.split(' ').slice(2).join(' ').trim())
			.join('; ');
	}

	/** A number of `ip -s link`. */
	stat(dev: string, what: 'rx' | 'tx'): number {
		const text = this.ask(`ip -s link show ${dev}`);
		const m = new RegExp(`${what.toUpperCase()}:.*\\n\\s+\\d+\\s+(\\d+)`).exec(text);
		return m === null ? -1 : Number(m[1]);
	}

	/** Packets that a device had to send and dropped, as `ip -s link` has it. */
	dropped(dev: string): number {
		const m = /TX:.*\n(?:\s+\d+){3}\s+(\d+)/.exec(this.ask(`ip -s link show ${dev}`));
		return m === null ? -1 : Number(m[1]);
	}

	/** Records of BUG and WARN since the last time, told with the packet at hand. */
	records(): string[] {
		const all = this.w.m.records;
		const fresh = all.slice(this.#told);
		this.#told = all.length;
		for (const r of fresh) {
			const p = r.packet === null ? '' : `, packet ${decode_frame(r.packet).text}`;
			this.say(`record: ${r.kind} in ${r.place}: ${r.what}${p}`);
		}
		return fresh.map((r) => `${r.kind} ${r.place}${r.packet === null ? '' : ', with the packet'}`);
	}

	/* judging */

	/** Notes whether something is as v3 has it. */
	is(what: string, got: unknown, want: unknown): void {
		const g = JSON.stringify(got);
		const ok = g === JSON.stringify(want);
		const shown = typeof got === 'string' ? got : g;
		this.story.push({
			kind: 'check',
			ok,
			text: ok ? `${what}: ${shown}` : `${what}: ${shown}, expected ${JSON.stringify(want)}`,
		});
	}

	/** Notes whether a text is as v3 has it. */
	like(what: string, got: string, want: RegExp): void {
		const ok = want.test(got);
		this.story.push({
			kind: 'check',
			ok,
			text: ok ? `${what}: ${got}` : `${what}: ${got}, expected ${String(want)}`,
		});
	}

	/** Tells why connections were offloaded or not, when somebody watched. */
	explain(): void {
		for (const line of explain(this.w.m)) this.say(`why: ${line}`);
	}

	/** Takes the world apart; what is held or was recorded and is nobody's doing is a failure. */
	end(): void {
		const rest = this.records();
		if (rest.length > 0) this.is('records that nobody expected', rest, []);
		const leaks = this.w.check_leaks();
		if (leaks.length > 0) this.is('left behind', leaks, []);
	}
}
