// SPDX-License-Identifier: GPL-2.0-only
// The testbed of the series' cover letter with both hands on the router: packets are put where veth receives
// them and taken away where veth has sent them, so that nothing but the router is measured.
//
//   ns1 192.168.20.2 - br0 192.168.20.1 in nsr1 10.141.10.1 - 10.141.10.2 ns2, SNAT on veth1

import { netdev_priv, type net_device } from '../../include/linux/netdevice.ts';
import { htons } from '../../include/linux/byteorder/generic.ts';
import { __vlan_hwaccel_put_tag, type sk_buff, skb_reserve } from '../../include/linux/skbuff.ts';
import { __dev_get_by_name, netif_rx } from '../../net/core/dev.ts';
import { alloc_skb, skb_put } from '../../net/core/skbuff.ts';
import { eth_type_trans } from '../../net/ethernet/eth.ts';
import { flowtables } from '../../net/netfilter/nf_flow_table_core.ts';
import type { nf_flowtable } from '../../include/net/netfilter/nf_flow_table.ts';
import type { veth_priv } from '../../tools/testing/selftests/drivers/net/veth.ts';
import { craft, type recipe } from '../../tools/testing/selftests/lib/craft.ts';
import { mac_text } from '../../tools/testing/selftests/lib/address.ts';
import { fold16, sum16 } from '../../tools/testing/selftests/lib/packet.ts';
import { World } from '../../tools/testing/selftests/lib/world.ts';
import { SNAT } from '../../tools/testing/selftests/netfilter/testbed.ts';

export const ORIGINAL = 0;
export const REPLY = 1;

/** What a router is like. */
export interface RouterOptions {
	tags: 'untagged' | 'vlan' | 'qinq';
	v6: boolean;
	/** False for the classic path only. */
	flowtable: boolean;
	/** Connections that must find room. */
	flows: number;
	/** Bytes of UDP payload. */
	payload?: number;
}

/** Packets that go into the backlog at a time: a receive queue's worth, as of NAPI. */
const BATCH = 64;
/** Source ports a destination port. */
const PORTS = 50000;
const HEADROOM = 64;

/** The commands of the testbed, for a world and for a host's kernel alike. */
export function topology(tags: RouterOptions['tags']): string[] {
	const out: string[] = [];
	for (const ns of ['ns1', 'nsr1', 'ns2'])
		out.push(
			`ip netns add ${ns}`,
			`ip netns exec ${ns} sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0`,
			`ip -net ${ns} link set lo up`,
		);
	out.push(
		'ip link add veth0 netns nsr1 type veth peer name eth0 netns ns1',
		'ip link add veth1 netns nsr1 type veth peer name eth0 netns ns2',
		'ip -net ns1 link set eth0 up',
		'ip -net ns2 link set eth0 up',
		'ip -net nsr1 link set veth0 up',
		'ip -net nsr1 link set veth1 up',
	);
	let port = '';
	if (tags !== 'untagged')
		for (const [ns, dev] of [
			['nsr1', 'veth0'],
			['ns1', 'eth0'],
		]) {
			if (tags === 'vlan') {
				port = '.10';
				out.push(
					`ip -net ${ns} link add link ${dev} name ${dev}.10 type vlan id 10`,
				);
			} else {
				port = '.c20';
				out.push(
					`ip -net ${ns} link add link ${dev} name ${dev}.s10 type vlan proto 802.1ad id 10`,
					`ip -net ${ns} link add link ${dev}.s10 name ${dev}.c20 type vlan id 20`,
					`ip -net ${ns} link set ${dev}.s10 up`,
				);
			}
			out.push(`ip -net ${ns} link set ${dev}${port} up`);
		}
	out.push(
		'ip -net nsr1 link add name br0 type bridge',
		`ip -net nsr1 link set veth0${port} master br0`,
		'ip -net nsr1 link set br0 up',
		`ip -net ns1 addr add 192.168.20.2/24 dev eth0${port}`,
		`ip -net ns1 addr add fd00:20::2/64 dev eth0${port} nodad`,
		'ip -net nsr1 addr add 192.168.20.1/24 dev br0',
		'ip -net nsr1 addr add fd00:20::1/64 dev br0 nodad',
		'ip -net nsr1 addr add 10.141.10.1/24 dev veth1',
		'ip -net nsr1 addr add fd00:141::1/64 dev veth1 nodad',
		'ip -net ns2 addr add 10.141.10.2/24 dev eth0',
		'ip -net ns2 addr add fd00:141::2/64 dev eth0 nodad',
		'ip -net ns1 route add default via 192.168.20.1',
		'ip -net ns1 route add default via fd00:20::1',
		'ip netns exec nsr1 sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1',
	);
	return out;
}

/**
 * The router's rules.
 * @param family of the table with the flow table; an inet table of v3 never sees a packet with two tags
 */
export function rules(flowtable: boolean, family: 'inet' | 'ip' | 'ip6'): string {
	const ft = flowtable
		? 'flowtable f { hook ingress priority 0; devices = { veth0, veth1 }; }'
		: '';
	const add = flowtable ? 'meta l4proto { tcp, udp } flow add @f' : '';
	return `table ${family} x {
	${ft}
	chain forward {
		type filter hook forward priority 0; policy accept;
		${add}
		ct state established,related accept
	}
}
${SNAT}`;
}

/** A frame that stands for all flows of a direction: ports and checksum are filled in. */
class Template {
	readonly bytes: Uint8Array;
	/** Offset of the UDP header. */
	readonly udp: number;
	/** Sum of everything but the ports, for the checksum. */
	readonly sum: number;
	readonly tag: readonly [number, number] | null;

	constructor(r: recipe) {
		const whole = craft(r);
		this.tag = r.tags.length > 0 ? r.tags[0] : null;
		/* the outer tag goes beside the packet */
		const cut = this.tag === null ? 0 : 4;
		this.bytes = new Uint8Array(whole.length - cut);
		this.bytes.set(whole.subarray(0, 12));
		this.bytes.set(whole.subarray(12 + cut), 12);
		const inner = Math.max(0, r.tags.length - 1) * 4;
		this.udp = 14 + inner + (r.src.includes(':') ? 40 : 20);
		const stored = (this.bytes[this.udp + 6] << 8) | this.bytes[this.udp + 7];
		this.sum = (~stored & 0xffff) + 2 * 0xffff - r.sport - r.dport;
	}
}

/** The testbed with its rules, ready for traffic. */
export function testbed(o: RouterOptions): World {
	const w = new World({ seed: 1 });
	for (const command of topology(o.tags)) w.must(command);
	w.must(
		`sysctl -qw net.netfilter.nf_conntrack_buckets=${Math.max(16384, o.flows)} net.netfilter.nf_conntrack_max=${2 * o.flows + 1000}`,
	);
	const family = o.tags !== 'qinq' ? 'inet' : o.v6 ? 'ip6' : 'ip';
	w.must('ip netns exec nsr1 nft -f -', { stdin: rules(o.flowtable, family) });
	/* the carrier of a link is noticed within a second */
	w.sleep(3);
	w.must(`ip netns exec ns1 ping -c 1 ${o.v6 ? 'fd00:141::2' : '10.141.10.2'}`);
	return w;
}

/** A world whose router is driven by hand. */
export class Router {
	readonly w: World;
	readonly options: RouterOptions;
	readonly #devices: readonly [net_device, net_device];
	readonly #peers: readonly (net_device | null)[];
	readonly #templates: readonly [Template, Template];

	constructor(o: RouterOptions) {
		this.options = o;
		this.w = testbed(o);
		const port = { untagged: '', vlan: '.10', qinq: '.c20' }[o.tags];
		const mac = (ns: string, dev: string): string =>
			mac_text(this.#device(ns, dev).dev_addr);
		const host = mac('ns1', `eth0${port}`);
		const far = mac('ns2', 'eth0');
		/* neighbours that do not age: the packets bring the clock forward */
		for (const [addr, lladdr, dev] of [
			[o.v6 ? 'fd00:20::2' : '192.168.20.2', host, 'br0'],
			[o.v6 ? 'fd00:141::2' : '10.141.10.2', far, 'veth1'],
		])
			this.w.must(
				`ip -net nsr1 neigh replace ${addr} lladdr ${lladdr} dev ${dev} nud permanent`,
			);
		this.#devices = [this.#device('nsr1', 'veth0'), this.#device('nsr1', 'veth1')];
		const common = {
			proto: 17 as const,
			ttl: 64,
			tos: 0,
			flags: 0,
			seq: 0,
			ack: 0,
			payload: o.payload ?? 18,
			options: [],
		};
		const tags = {
			untagged: [],
			vlan: [[0x8100, 10] as const],
			qinq: [[0x88a8, 10] as const, [0x8100, 20] as const],
		}[o.tags];
		this.#templates = [
			new Template({
				...common,
				smac: host,
				dmac: mac('nsr1', 'br0'),
				tags,
				src: o.v6 ? 'fd00:20::2' : '192.168.20.2',
				dst: o.v6 ? 'fd00:141::2' : '10.141.10.2',
				sport: 1,
				dport: 1,
			}),
			new Template({
				...common,
				smac: far,
				dmac: mac('nsr1', 'veth1'),
				tags: [],
				src: o.v6 ? 'fd00:141::2' : '10.141.10.2',
				dst: o.v6 ? 'fd00:141::1' : '10.141.10.1',
				sport: 1,
				dport: 1,
			}),
		];
		this.#peers = [ORIGINAL, REPLY].map((dir) => this.#out(dir).peer);
		for (const dir of [ORIGINAL, REPLY]) this.#unplug(dir);
	}

	#device(ns: string, name: string): net_device {
		const dev = __dev_get_by_name(this.w.ns(ns), name);
		if (dev === null) throw new Error(`no device ${name} in ${ns}`);
		return dev;
	}

	#out(dir: number): veth_priv {
		return netdev_priv<veth_priv>(this.#devices[1 - dir]);
	}

	/** Lets veth throw away what the router sends in a direction. */
	#unplug(dir: number): void {
		const out = this.#out(dir);
		out.peer = null;
		out.tamper = null;
	}

	/** Looks at what the router sends in a direction before it is thrown away. */
	#look(dir: number, at: (skb: sk_buff) => void): void {
		const out = this.#out(dir);
		out.peer = this.#peers[dir];
		out.tamper = (skb) => {
			at(skb);
			return false;
		};
	}

	/** Packets that the router has sent in a direction: none of them gets to the other end. */
	sent(dir: number): number {
		return this.#out(dir).dropped;
	}

	/** The flow table. */
	table(): nf_flowtable {
		return flowtables.of(this.w.m)[0];
	}

	/** Flows in the table, both directions of each being there. */
	flowCount(): number {
		return this.table().rhashtable.nelems / 2;
	}

	/** Puts a flow's packet where veth hands what it received to the stack. */
	#receive(dir: number, flow: number): void {
		const t = this.#templates[dir];
		const dev = this.#devices[dir];
		const near = 1024 + (flow % PORTS);
		const far = 2000 + Math.trunc(flow / PORTS);
		const sport = dir === ORIGINAL ? near : far;
		const dport = dir === ORIGINAL ? far : near;
		const skb = alloc_skb(this.w.m, HEADROOM + t.bytes.length);
		skb_reserve(skb, HEADROOM - 14);
		const at = skb_put(skb, t.bytes.length);
		const h = skb.head;
		h.set(t.bytes, at);
		const udp = at + t.udp;
		h[udp] = sport >>> 8;
		h[udp + 1] = sport;
		h[udp + 2] = dport >>> 8;
		h[udp + 3] = dport;
		let sum = t.sum + sport + dport;
		sum = (sum & 0xffff) + (sum >>> 16);
		sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
		if (sum === 0) sum = 0xffff;
		h[udp + 6] = sum >>> 8;
		h[udp + 7] = sum;
		if (t.tag !== null) __vlan_hwaccel_put_tag(skb, htons(t.tag[0]), t.tag[1]);
		skb.protocol = eth_type_trans(skb, dev);
		netif_rx(skb);
	}

	/**
	 * Sends a packet of each of `n` flows from `order[from]` on through the router.
	 * @param order flow numbers; read round and round
	 */
	drive(dir: number, order: Int32Array, from: number, n: number): void {
		const { m } = this.w;
		const { length } = order;
		let at = from % length;
		for (let left = n; left > 0; left -= BATCH) {
			const batch = Math.min(left, BATCH);
			m.local_bh_disable();
			for (let i = 0; i < batch; i++) {
				this.#receive(dir, order[at]);
				if (++at === length) at = 0;
			}
			m.local_bh_enable();
		}
	}

	/**
	 * Makes connections, and flows where there is a flow table: a packet each way, and one more, which makes a
	 * connection an assured one.
	 * @param flow the first one's number
	 */
	connect(flow: number, n: number): void {
		const order = Int32Array.from({ length: Math.min(n, BATCH) }, () => 0);
		for (let done = 0; done < n; done += BATCH) {
			const batch = Math.min(n - done, BATCH);
			for (let i = 0; i < batch; i++) order[i] = flow + done + i;
			this.drive(ORIGINAL, order, 0, batch);
			this.drive(REPLY, order, 0, batch);
		}
	}

	/**
	 * Proves that a direction works and how: what comes out is what a router must make of it.
	 * @param fast whether packets must stay out of the classic path
	 * @returns what is wrong, or null
	 */
	prove(dir: number, fast: boolean): string | null {
		let text: string | null = `nothing came out (direction ${dir})`;
		const { v6 } = this.options;
		this.#look(dir, (skb) => {
			const h = skb.head;
			const l3 = skb.network_header;
			const ttl = h[v6 ? l3 + 7 : l3 + 8];
			const l4 = l3 + (v6 ? 40 : 20);
			const n = (h[l4 + 4] << 8) | h[l4 + 5];
			const from = v6 ? l3 + 8 : l3 + 12;
			const sum = sum16(h, l4, n, sum16(h, from, l4 - from) + 17 + n);
			const classic = skb._nfct !== null;
			if (ttl !== 63) text = `TTL ${ttl}`;
			else if (fold16(sum) !== 0xffff) text = 'wrong UDP checksum';
			else if (!v6 && fold16(sum16(h, l3, 20)) !== 0xffff)
				text = 'wrong IP checksum';
			else if (classic === fast) text = fast ? 'classic path' : 'fast path';
			else text = null;
		});
		this.drive(dir, Int32Array.of(0), 0, 1);
		this.#unplug(dir);
		return text;
	}

	/** Throws unless both directions work as they must. */
	mustWork(): void {
		for (const dir of [ORIGINAL, REPLY]) {
			const wrong = this.prove(dir, this.options.flowtable);
			if (wrong !== null) throw new Error(`router: ${wrong}`);
		}
	}
}

/** Numbers from 0 on in an order without pattern, the same every time. */
export function shuffled(n: number): Int32Array {
	const out = Int32Array.from({ length: n }, (_, i) => i);
	let x = 0x9e3779b9;
	for (let i = n - 1; i > 0; i--) {
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		const j = (x >>> 0) % (i + 1);
		const v = out[i];
		out[i] = out[j];
		out[j] = v;
	}
	return out;
}
